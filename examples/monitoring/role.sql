-- A role for monitoring that sees figures and no learner. Run it in the database
-- that btwin is attached in, as a superuser:
--
--   psql -v owner=app_owner -f examples/monitoring/role.sql
--
-- owner is the role that owns what is attached; pg_cron shows its jobs to nobody
-- else, so the functions read as it.
\set ON_ERROR_STOP on
SELECT pg_get_userbyid(relowner) = :'owner' AS owner_is_right FROM pg_class WHERE oid = 'btwin.attachment'::regclass \gset
\if :owner_is_right
\else
\warn that role does not own what is attached
DO $$ BEGIN RAISE EXCEPTION 'give the owner of btwin.attachment: psql -v owner=...'; END $$;
\endif

SELECT NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'prometheus') AS new_role \gset
\if :new_role
CREATE ROLE prometheus LOGIN;
\endif
BEGIN;
CREATE SCHEMA IF NOT EXISTS btwin_monitoring;
REVOKE ALL ON SCHEMA btwin_monitoring FROM PUBLIC;
-- what runs with the owner's rights is put there by nobody else
GRANT USAGE, CREATE ON SCHEMA btwin_monitoring TO :"owner";
GRANT USAGE ON SCHEMA btwin_monitoring TO prometheus;

-- SECURITY DEFINER: pg_cron shows jobs to their owner alone, and the role has no
-- right on schema btwin. The functions take no argument, give counts, times and
-- names of objects, never a learner, and may be called by that role only.
SET LOCAL ROLE :"owner";
CREATE OR REPLACE FUNCTION btwin_monitoring.job_health() RETURNS SETOF btwin.job_health
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS 'SELECT * FROM btwin.job_health';

CREATE OR REPLACE FUNCTION btwin_monitoring.store(
    OUT learners bigint, OUT notes bigint, OUT oldest_note_seconds double precision, OUT closed_through_lag_days double precision,
    OUT refresh_seconds double precision, OUT refresh_learners bigint, OUT refresh_failed integer, OUT rows_that_differ bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
SELECT (SELECT count(*) FROM btwin.user_mark),
       (SELECT count(*) FROM btwin.late_change),
       (SELECT coalesce(extract(epoch FROM now() - min(c.noted_at)), 0) FROM btwin.late_change c),
       (SELECT extract(epoch FROM now() - (r.closed_before)) / 86400 FROM btwin.refresh_run r WHERE r.outcome IN ('done', 'failed') ORDER BY r.run_id DESC LIMIT 1),
       (SELECT extract(epoch FROM r.finished_at - r.started_at) FROM btwin.refresh_run r WHERE r.outcome IN ('done', 'failed') ORDER BY r.run_id DESC LIMIT 1),
       (SELECT r.learners_done FROM btwin.refresh_run r WHERE r.outcome IN ('done', 'failed') ORDER BY r.run_id DESC LIMIT 1),
       (SELECT (r.outcome = 'failed')::integer FROM btwin.refresh_run r WHERE r.outcome IN ('done', 'failed') ORDER BY r.run_id DESC LIMIT 1),
       (SELECT r.n FROM btwin.job_run r WHERE r.part = 'verify' AND r.outcome = 'done' ORDER BY r.run_id DESC LIMIT 1)
$$;

CREATE OR REPLACE FUNCTION btwin_monitoring.bloat(OUT object text, OUT kind text, OUT size_bytes bigint, OUT bloat_bytes bigint) RETURNS SETOF record
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
SELECT b.object, b.kind, b.size_bytes, b.bloat_bytes FROM btwin.bloat_check b
WHERE b.checked_at = (SELECT max(l.checked_at) FROM btwin.bloat_check l) AND b.bloat_bytes IS NOT NULL
ORDER BY b.bloat_bytes DESC, b.object LIMIT 30
$$;

CREATE OR REPLACE FUNCTION btwin_monitoring.indexes(OUT index_name text, OUT is_present integer, OUT size_bytes bigint, OUT scans bigint) RETURNS SETOF record
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS 'SELECT c.index_name::text, c.present::integer, coalesce(c.size_bytes, 0), coalesce(c.scans, 0) FROM btwin.index_catalog c';

REVOKE ALL ON FUNCTION btwin_monitoring.job_health(), btwin_monitoring.store(), btwin_monitoring.bloat(), btwin_monitoring.indexes() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION btwin_monitoring.job_health(), btwin_monitoring.store(), btwin_monitoring.bloat(), btwin_monitoring.indexes() TO prometheus;
COMMIT;
