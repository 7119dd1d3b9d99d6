-- Every finding of btwin.doctor: provoked, reported with its object, mended by
-- exactly the SQL it comes with, and gone (doctor_case.psql). The findings about
-- versions, the configuration of a server and pg_cron are in test/t/doctor.pl and
-- doctor_cron.pl; together they are all there are. Run from the top of the tree.
\set QUIET on
SET client_min_messages = error;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS btwin;
SELECT no_plan();
CREATE TABLE seen (finding text);
GRANT ALL ON seen TO PUBLIC;

-- Roles are the server's: those of an earlier run may be there.
DO $$ DECLARE r text; BEGIN FOREACH r IN ARRAY '{regress_doctor_owner,regress_doctor_web,regress_doctor_group,regress_doctor_reader}'::text[] LOOP
    IF to_regrole(r) IS NULL THEN EXECUTE format('CREATE ROLE %I', r); END IF; END LOOP; END $$;
ALTER ROLE regress_doctor_owner LOGIN;
GRANT regress_doctor_group TO regress_doctor_web;

-- not attached
SELECT results_eq($$SELECT finding, severity, mend FROM btwin.doctor()$$, $$VALUES ('not_attached', 'notice', 'SELECT * FROM btwin.attach();')$$, 'before attach there is one notice');

-- An application with tables of its own (camelCase, timestamp(3)), one of them partitioned, which an ordinary role owns.
GRANT ALL ON SCHEMA btwin TO regress_doctor_owner;
CREATE SCHEMA app AUTHORIZATION regress_doctor_owner;
GRANT USAGE ON SCHEMA app TO regress_doctor_web, regress_doctor_reader;
GRANT USAGE ON SCHEMA btwin TO regress_doctor_reader;
SET ROLE regress_doctor_owner;
SET search_path = app;
\i test/data/adoption_fixture.sql
DROP TABLE reviews CASCADE;
CREATE TABLE reviews ("id" text, "userId" text NOT NULL, "cardId" text NOT NULL, "sessionId" text, "rating" "ReviewRating" NOT NULL, "timeSpentMs" integer NOT NULL, "reviewedAt" timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "difficultyBefore" float8, "difficultyAfter" float8, "stabilityBefore" float8, "stabilityAfter" float8, PRIMARY KEY ("id", "reviewedAt")) PARTITION BY RANGE ("reviewedAt");
CREATE TABLE reviews_old PARTITION OF reviews FOR VALUES FROM (MINVALUE) TO ('2024-06-01');
CREATE TABLE reviews_new PARTITION OF reviews FOR VALUES FROM ('2024-06-01') TO ('2030-01-01');
RESET search_path;
RESET ROLE;
SELECT count(*) AS n FROM btwin.attach('app', default_time_zone => 'Europe/Berlin') \gset
SELECT is((SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = 'btwin.attachment'::regclass), 'regress_doctor_owner', 'an ordinary role owns what is attached');
-- the test decides when tables are analysed
SELECT format('ALTER TABLE %s SET (autovacuum_enabled = off)', r.relation::regclass) FROM btwin._doctor_relations() r JOIN pg_class c ON c.oid = r.relation AND c.relkind = 'r' \gexec

SET search_path = app, public;
INSERT INTO users ("id", "updatedAt") SELECT 'u' || g, '2024-01-01' FROM generate_series(1, 4) g;
INSERT INTO courses ("id", "userId", "name", "updatedAt") VALUES ('co', 'u1', 'c', '2024-01-01');
INSERT INTO cards ("id", "courseId", "front", "back") VALUES ('ca', 'co', 'f', 'b');
INSERT INTO study_sessions ("id", "userId", "startedAt", "durationMs") SELECT format('s%s.%s', u, d), 'u' || u, timestamp '2024-01-01 09:00' + d * interval '1 day', 1800000 FROM generate_series(1, 3) u, generate_series(0, 39) d;
INSERT INTO reviews ("id", "userId", "cardId", "sessionId", "rating", "timeSpentMs", "reviewedAt")
SELECT format('r%s.%s', u, d), 'u' || u, 'ca', format('s%s.%s', u, d), 'GOOD', 4000, timestamp '2024-01-01 09:10' + d * interval '1 day' FROM generate_series(1, 3) u, generate_series(0, 39) d;
RESET search_path;
CALL btwin.refresh() \g /dev/null
-- what was written must be counted before ANALYZE resets the count
SELECT pg_stat_force_next_flush() \g /dev/null
SELECT 1 \g /dev/null
ANALYZE;
SELECT cmp_ok((SELECT count(*) FROM btwin.user_day), '>=', 120::bigint, 'something is stored');

\set as regress_doctor_owner
\set light ''
\set arguments ''
\set ignored '{}'
\set finding jobs_unscheduled
\set object btwin.job
\ir doctor_case.psql

-- Healthy

SET ROLE regress_doctor_owner;
SET search_path = '';
SET default_transaction_read_only = on;
SELECT count(*) AS n FROM btwin.doctor(sample_learners => 100) \gset
RESET default_transaction_read_only;
RESET search_path;
SELECT is(:n, 0, 'attached, filled and refreshed: nothing is reported, to an ordinary owner, without a path, read only');
SELECT is_empty($$SELECT * FROM btwin.doctor(bloat_min_bytes => 65536, bloat_percent => 20, unused_days => 30)$$, 'indexes of few pages are not bloated');
RESET ROLE;
SELECT is_empty($$SELECT * FROM btwin.doctor()$$, 'nor to a superuser');
SELECT is_empty($$SELECT DISTINCT f.check_function FROM btwin.doctor_finding f WHERE f.check_function IS NOT NULL AND to_regprocedure(f.check_function || '(jsonb)') IS NULL$$, 'every check there is stands');
SELECT is((SELECT provolatile::text FROM pg_proc WHERE oid = 'btwin._doctor_indexes(jsonb)'::regprocedure), 's', 'checks are stable');

-- Arguments

SELECT throws_ok($$SELECT * FROM btwin.doctor(sample_learners => NULL)$$, '22004', 'argument "sample_learners" must not be null', 'NULL');
SELECT throws_ok($$SELECT * FROM btwin.doctor(ignore => NULL)$$, '22004', NULL, 'NULL for ignore');
SELECT throws_ok($$SELECT * FROM btwin.doctor(sample_learners => -1)$$, '22023', 'sample_learners must be between 0 and 2147483647, not -1', 'a negative sample');
SELECT throws_ok($$SELECT * FROM btwin.doctor(bloat_percent => 101)$$, '22023', NULL, 'more than all of an index');
SELECT throws_ok($$SELECT * FROM btwin.doctor(refresh_hours => -1)$$, '22023', NULL, 'negative hours');
SELECT throws_ok($$SELECT * FROM btwin.doctor(unused_days => -1)$$, '22023', NULL, 'negative days');
SELECT throws_ok($$SELECT * FROM btwin.doctor(bloat_min_bytes => -1)$$, '22023', NULL, 'negative bytes');
SELECT throws_ok($$SELECT * FROM btwin.doctor(web_roles => '{regress_doctor_web,nobody_here}')$$, '42704', 'role "nobody_here" does not exist', 'a role that does not exist');
SELECT throws_ok($$SELECT * FROM btwin.doctor(ignore => '{index_missing:app.x,index_gone}')$$, '22023', 'there is no finding "index_gone" to ignore', 'a finding that does not exist');

-- what refresh writes is analysed by autovacuum, not here
\set quiet '{statistics_stale:btwin.user_day,statistics_stale:btwin.late_change}'
\set as regress_doctor_owner
\set light ''
\set arguments ''
\set ignored :quiet

-- What attach makes

\set finding object_missing
\set object 'btwin.reviews_window(text, timestamptz, timestamptz)'
DROP FUNCTION btwin.reviews_window(text, timestamptz, timestamptz);
\ir doctor_case.psql

\set object 'btwin.store_content'
DROP TABLE btwin.store_content;
\ir doctor_case.psql

\set object 'app.achievements'
DROP TABLE app.achievements CASCADE;
\set ignored '{index_missing:app.btwin_achievements_moment}'
\ir doctor_case.psql
\set ignored :quiet
\set finding index_missing
\set object app.btwin_achievements_moment
\ir doctor_case.psql

\set finding object_outdated
\set object 'btwin.cards_window(text, timestamptz, timestamptz)'
\set object 'btwin.missions_window(text, timestamptz, timestamptz)'
-- the view follows, functions do not
ALTER TABLE app.missions RENAME "estimatedMinutes" TO estimated_minutes;
\ir doctor_case.psql

\set object 'btwin._note_study_sessions()'
ALTER TABLE app.study_sessions RENAME "userId" TO user_id;
\ir doctor_case.psql
CALL btwin.refresh() \g /dev/null

\set finding view_unprotected
\set object 'btwin.reviews'
ALTER VIEW btwin.reviews SET (security_invoker = false);
\ir doctor_case.psql
ALTER VIEW btwin.reviews RESET (security_invoker);
\ir doctor_case.psql

-- What attach made is compared with what it would make: half of the time of a
-- call, and from here on only at the end.
\set light 'ignore => ''{object_missing,object_outdated,view_unprotected}'''
\set arguments :light

-- Triggers

\set finding trigger_missing
\set object 'btwin_note_update on app.study_sessions'
DROP TRIGGER btwin_note_update ON app.study_sessions;
\ir doctor_case.psql
\set object 'btwin_note_truncate on app.reviews_old'
DROP TRIGGER btwin_note_truncate ON app.reviews_old;
\ir doctor_case.psql
\set object 'btwin_note_flush on btwin.late_change'
DROP TRIGGER btwin_note_flush ON btwin.late_change;
\ir doctor_case.psql
SELECT isnt_empty($$SELECT FROM btwin.late_change WHERE user_id IS NULL$$, 'what changed meanwhile is worked out anew');

\set finding trigger_disabled
\set object 'btwin_note_insert on app.study_sessions'
ALTER TABLE app.study_sessions DISABLE TRIGGER btwin_note_insert;
\ir doctor_case.psql
\set object 'btwin_note_delete on app.reviews_new'
ALTER TABLE app.reviews_new ENABLE REPLICA TRIGGER btwin_note_delete;
\ir doctor_case.psql
\set object 'btwin_note_truncate on app.reviews'
ALTER TABLE app.reviews ENABLE TRIGGER btwin_note_truncate;
\ir doctor_case.psql

\set finding partition_unseen
\set object 'app.reviews_late'
SET ROLE regress_doctor_owner;
CREATE TABLE app.reviews_late PARTITION OF app.reviews FOR VALUES FROM ('2030-01-01') TO (MAXVALUE);
ALTER TABLE app.reviews_late SET (autovacuum_enabled = off);
RESET ROLE;
\ir doctor_case.psql
\set object 'app.reviews'
ALTER TABLE app.reviews DETACH PARTITION app.reviews_late;
\ir doctor_case.psql
DROP TABLE app.reviews_late;

-- The store

\set finding store_damaged
\set object u2
UPDATE btwin.user_day SET n_rows = 99 WHERE user_id = 'u2' AND family = 'load' AND day = '2024-01-10';
DELETE FROM btwin.user_month WHERE user_id = 'u2' AND family = 'forgetting';
\set arguments 'sample_learners => 100, ' :light
\ir doctor_case.psql
UPDATE btwin.user_day SET n_rows = 99 WHERE user_id = 'u3' AND family = 'load' AND day = '2024-01-10';
SELECT is_empty($$SELECT * FROM btwin.doctor(sample_learners => 0, ignore => '{statistics_stale,object_missing,object_outdated,view_unprotected}')$$, 'with a sample of none the store is not looked at');
CALL btwin.refresh() \g /dev/null
\set object u3
\ir doctor_case.psql

-- Refresh

\set finding refresh_failed
CALL btwin.refresh() \g /dev/null
SELECT 'run ' || max(run_id) + 1 AS object FROM btwin.refresh_run \gset
ALTER TABLE btwin.user_day ADD CONSTRAINT broken CHECK (n_rows < 0) NOT VALID;
INSERT INTO btwin.late_change VALUES ('u1', '2024-01-10', '2024-01-10');
CALL btwin.refresh() \g /dev/null
SELECT matches((SELECT detail FROM btwin.doctor() WHERE finding = 'refresh_failed'), '^1 of 1 learners could not be refreshed, the first: learner u1: .*broken', 'the fault is named');
-- the fault is removed first
ALTER TABLE btwin.user_day DROP CONSTRAINT broken;
\ir doctor_case.psql

\set finding refresh_abandoned
-- as a server that was stopped leaves it
INSERT INTO btwin.refresh_run (started_at, learners, learners_done) VALUES (clock_timestamp(), 100, 50);
SELECT 'run ' || max(run_id) AS object FROM btwin.refresh_run \gset
BEGIN;
SELECT pg_advisory_xact_lock(hashtextextended('btwin.refresh', 0)) \g /dev/null
SELECT is_empty($$SELECT * FROM btwin.doctor(ignore => '{statistics_stale:btwin.user_day,statistics_stale:btwin.late_change,object_missing,object_outdated,view_unprotected}')$$, 'one that runs is not reported');
COMMIT;
\ir doctor_case.psql

\set finding refresh_late
\set object btwin.refresh
UPDATE btwin.refresh_run SET started_at = started_at - interval '25 hours', finished_at = finished_at - interval '25 hours';
SELECT is_empty($$SELECT * FROM btwin.doctor(refresh_hours => 26, ignore => '{statistics_stale,job_overdue,object_missing,object_outdated,view_unprotected}')$$, 'refresh_hours');
\ir doctor_case.psql
-- never refreshed
DELETE FROM btwin.refresh_run;
UPDATE btwin.attachment SET attached_at = attached_at - interval '25 hours';
\ir doctor_case.psql
DELETE FROM btwin.refresh_run;
UPDATE btwin.attachment SET attached_at = attached_at + interval '25 hours';
SELECT is_empty($$SELECT * FROM btwin.doctor(ignore => '{statistics_stale:btwin.user_day,statistics_stale:btwin.late_change,object_missing,object_outdated,view_unprotected}')$$, 'just attached and not refreshed yet is healthy');

\set finding refresh_held
\set object 'prepared transaction ''regress_doctor'''
CALL btwin.refresh() \g /dev/null
SELECT is_empty($$SELECT * FROM btwin.doctor(refresh_hours => 0, ignore => '{refresh_late,statistics_stale}')$$, 'nobody holds days open');
BEGIN;
UPDATE app.users SET "name" = 'n' WHERE "id" = 'u1';
PREPARE TRANSACTION 'regress_doctor';
SELECT pg_sleep(0.01) \g /dev/null
CALL btwin.refresh() \g /dev/null
\set arguments 'refresh_hours => 0, ignore => ''{refresh_late,object_missing,object_outdated,view_unprotected}'''
\set as postgres
\ir doctor_case.psql
CALL btwin.refresh() \g /dev/null

-- Jobs, here without pg_cron

\set finding job_failing
\set object bloat
ALTER TABLE btwin.bloat_check ADD CONSTRAINT broken CHECK (size_bytes < 0) NOT VALID;
\set ON_ERROR_STOP 0
CALL btwin.run_job('bloat');
CALL btwin.run_job('bloat');
\set ON_ERROR_STOP 1
ALTER TABLE btwin.bloat_check DROP CONSTRAINT broken;
SELECT matches((SELECT detail FROM btwin.doctor() WHERE finding = 'job_failing'), '^2 times in a row, .*"broken"', 'how often, and why');
\ir doctor_case.psql

\set finding job_overdue
\set object analyze
UPDATE btwin.scheduled_job SET scheduled_at = scheduled_at - interval '49 hours' WHERE job = 'analyze';
\ir doctor_case.psql

\set finding jobs_unscheduled
\set object btwin.job
DELETE FROM btwin.scheduled_job WHERE job = 'nightly';
\ir doctor_case.psql

-- Indexes

\set finding index_invalid
\set object app.sessions_once
SET ROLE regress_doctor_owner;
\set ON_ERROR_STOP 0
CREATE UNIQUE INDEX CONCURRENTLY sessions_once ON app.study_sessions ((user_id = 'u1'), "startedAt");
REINDEX INDEX CONCURRENTLY app.sessions_once;
\set ON_ERROR_STOP 1
RESET ROLE;
SELECT results_eq($$SELECT object, mend FROM btwin.doctor() WHERE finding = 'index_invalid' ORDER BY 1$$,
                  $$VALUES ('app.sessions_once', 'REINDEX INDEX CONCURRENTLY app.sessions_once;'), ('app.sessions_once_ccnew', 'DROP INDEX CONCURRENTLY app.sessions_once_ccnew;')$$, 'an index and what a REINDEX left over');
DELETE FROM app.study_sessions WHERE user_id = 'u3';
ANALYZE app.study_sessions;
\set ignored '{index_invalid:app.sessions_once_ccnew,statistics_stale:btwin.user_day}'
\ir doctor_case.psql
\set ignored :quiet
\set object app.sessions_once_ccnew
\ir doctor_case.psql
DROP INDEX app.sessions_once;
\set object app.reviews_rating
SET ROLE regress_doctor_owner;
CREATE INDEX reviews_rating ON ONLY app.reviews ("rating");
RESET ROLE;
\ir doctor_case.psql
SELECT is((SELECT count(*) FROM pg_inherits WHERE inhparent = 'app.reviews_rating'::regclass), 2::bigint, 'it has the indexes of both partitions then');
DROP INDEX app.reviews_rating;
-- in the store
\set object btwin.late_once
CALL btwin.refresh() \g /dev/null
SET ROLE regress_doctor_owner;
INSERT INTO btwin.late_change VALUES ('u1', '2024-01-10', '2024-01-10'), ('u1', '2024-01-10', '2024-01-10');
\set ON_ERROR_STOP 0
CREATE UNIQUE INDEX CONCURRENTLY late_once ON btwin.late_change (from_day);
\set ON_ERROR_STOP 1
DELETE FROM btwin.late_change;
RESET ROLE;
\ir doctor_case.psql
DROP INDEX btwin.late_once;

\set finding index_missing
\set object app.btwin_study_sessions_started
DROP INDEX app.btwin_study_sessions_started;
\ir doctor_case.psql
\set object app.btwin_reviews_reviewed
DROP INDEX app.btwin_reviews_reviewed;
\ir doctor_case.psql
-- its name is taken by another one
SET ROLE regress_doctor_owner;
DROP INDEX app.btwin_missions_date_status;
CREATE INDEX btwin_missions_date_status ON app.missions ("objectives");
RESET ROLE;
\set object app.btwin_missions_date_status
\ir doctor_case.psql
SELECT format('DROP INDEX app.%I', served_by) FROM btwin.index_catalog WHERE number IN (10, 11) \gexec
SELECT is((SELECT count(*) FROM btwin.index_catalog WHERE NOT present), 2::bigint, 'two are missing');
SELECT is_empty($$SELECT * FROM btwin.doctor(ignore => '{statistics_stale:btwin.user_day,statistics_stale:btwin.late_change,object_missing,object_outdated,view_unprotected}')$$, 'of numbers 10 and 11 nothing is said');

\set finding index_unused
\set object app.btwin_burnout_risk_assessments_date
SET ROLE regress_doctor_owner;
INSERT INTO app.burnout_risk_assessments ("id", "userId", "riskScore", "riskLevel", "contributingFactors", "assessmentDate")
SELECT 'b' || g, 'u' || 1 + g % 4, 50, 'LOW', '[]', timestamp '2024-01-01' + g * interval '1 minute' FROM generate_series(1, 20000) g;
SELECT pg_stat_force_next_flush() \g /dev/null
VACUUM ANALYZE app.burnout_risk_assessments;
RESET ROLE;
SELECT is_empty($$SELECT * FROM btwin.doctor(ignore => '{statistics_stale:btwin.user_day,statistics_stale:btwin.late_change,object_missing,object_outdated,view_unprotected}')$$, 'attached today, nothing is unused');
\set arguments 'unused_days => 0, ' :light
\set ignored '{index_unused,index_missing:app.btwin_burnout_risk_assessments_date,statistics_stale:btwin.user_day}'
\ir doctor_case.psql
\set ignored :quiet
\set finding index_missing
\ir doctor_case.psql
SELECT is_empty($$SELECT * FROM btwin.doctor(ignore => '{statistics_stale,object_missing,object_outdated,view_unprotected}', unused_days => 0) WHERE object ~ '_(day_of_week|time_of_day)'$$, 'numbers 10 and 11 may be unused');

\set finding index_bloated
\set object app.burnout_risk_assessments_pkey
SET ROLE regress_doctor_owner;
SELECT is_empty($$SELECT * FROM btwin.doctor(ignore => '{statistics_stale,object_missing,object_outdated,view_unprotected}', bloat_min_bytes => 65536)$$, 'indexes that are full are not bloated');
DELETE FROM app.burnout_risk_assessments WHERE substr("id", 2)::integer % 20 > 0;
VACUUM ANALYZE app.burnout_risk_assessments;
RESET ROLE;
\set arguments 'bloat_min_bytes => 65536, ' :light
\set ignored '{index_bloated,statistics_stale}'
\ir doctor_case.psql
-- measured
CREATE SCHEMA tools;
CREATE EXTENSION pgstattuple SCHEMA tools;
GRANT USAGE ON SCHEMA tools TO regress_doctor_owner;
GRANT EXECUTE ON FUNCTION tools.pgstatindex(regclass) TO regress_doctor_owner;
\set object app.btwin_burnout_risk_assessments_date
SELECT matches((SELECT detail FROM btwin.doctor(bloat_min_bytes => 65536) WHERE object = :'object'), 'measured by pgstattuple', 'pgstattuple is used where it may be');
\set arguments 'bloat_min_bytes => 65536, ' :light
\set ignored '{index_bloated,statistics_stale}'
\ir doctor_case.psql
\set ignored :quiet
DROP EXTENSION pgstattuple;
REINDEX TABLE app.burnout_risk_assessments;

-- Statistics

\set finding statistics_stale
\set object app.missions
SET ROLE regress_doctor_owner;
INSERT INTO app.missions ("id", "userId", "date", "status", estimated_minutes, "objectives") SELECT 'm' || g, 'u1', timestamp '2024-01-01' + g * interval '1 hour', 'PENDING', 30, '[]' FROM generate_series(1, 1000) g;
SELECT pg_stat_force_next_flush() \g /dev/null
RESET ROLE;
\ir doctor_case.psql
\set object app.reviews
SET ROLE regress_doctor_owner;
INSERT INTO app.reviews ("id", "userId", "cardId", "rating", "timeSpentMs", "reviewedAt") SELECT 'x' || g, 'u1', 'ca', 'GOOD', 1, timestamp '2024-01-01' + g * interval '1 hour' FROM generate_series(1, 1000) g;
SELECT pg_stat_force_next_flush() \g /dev/null
ANALYZE app.reviews_old, app.reviews_new;
RESET ROLE;
\ir doctor_case.psql
CALL btwin.refresh() \g /dev/null
ANALYZE;

-- Who can read

\set finding table_exposed
\set object app.study_sessions
GRANT SELECT ON app.study_sessions TO regress_doctor_web;
SELECT is_empty($$SELECT * FROM btwin.doctor(ignore => '{statistics_stale:btwin.user_day,statistics_stale:btwin.late_change,object_missing,object_outdated,view_unprotected}')$$, 'a role that is no web role may read');
\set arguments 'web_roles => ''{regress_doctor_web}'', ' :light
\ir doctor_case.psql
\set object app.reviews_old
GRANT SELECT ("id") ON app.reviews_old TO regress_doctor_group;
\set arguments 'web_roles => ''{regress_doctor_web}'', ' :light
\ir doctor_case.psql
\set object btwin.learner
GRANT SELECT ON btwin.learner TO PUBLIC;
\set arguments 'web_roles => ''{regress_doctor_reader}'', ' :light
\ir doctor_case.psql
GRANT SELECT ON app.validation_prompts TO PUBLIC;
SELECT is_empty($$SELECT * FROM btwin.doctor(ignore => '{statistics_stale,object_missing,object_outdated,view_unprotected}', web_roles => '{regress_doctor_web}')$$, 'a table that belongs to no learner may be read');

\set finding role_unrestricted
\set object regress_doctor_web
ALTER ROLE regress_doctor_web BYPASSRLS;
\set arguments 'web_roles => ''{regress_doctor_web}'', ' :light
\set as postgres
\ir doctor_case.psql
ALTER ROLE regress_doctor_web SUPERUSER BYPASSRLS;
\set arguments 'web_roles => ''{regress_doctor_web}'', ' :light
\set as postgres
\ir doctor_case.psql

\set finding matview_exposed
\set object app.counted
SET ROLE regress_doctor_owner;
CREATE VIEW app.between AS SELECT user_id AS learner, count(*) AS n FROM btwin.study_sessions GROUP BY 1;
CREATE MATERIALIZED VIEW app.counted AS SELECT learner, n FROM app.between;
CREATE MATERIALIZED VIEW app.harmless AS SELECT 1 AS one;
GRANT SELECT ON app.harmless TO PUBLIC;
GRANT SELECT ON app.counted TO regress_doctor_group;
GRANT SELECT (n) ON app.counted TO PUBLIC;
RESET ROLE;
\set arguments 'web_roles => ''{regress_doctor_web}'', ' :light
\ir doctor_case.psql
\set object btwin_bi.anything
CREATE MATERIALIZED VIEW btwin_bi.anything AS SELECT 1 AS one;
ALTER MATERIALIZED VIEW btwin_bi.anything OWNER TO regress_doctor_owner;
GRANT SELECT ON btwin_bi.anything TO PUBLIC;
GRANT USAGE ON SCHEMA btwin_bi TO regress_doctor_owner;
\ir doctor_case.psql
ALTER MATERIALIZED VIEW btwin_bi.anything OWNER TO regress_doctor_group;
GRANT CREATE ON SCHEMA btwin_bi TO regress_doctor_owner;
\set arguments 'web_roles => ''{regress_doctor_web}'', ' :light
\set as postgres
\ir doctor_case.psql
DROP MATERIALIZED VIEW btwin_bi.anything, app.counted, app.harmless;
DROP VIEW app.between;

-- Time zones. The table refuses such names; a newer server may have dropped one.

SET ROLE regress_doctor_owner;
ALTER TABLE btwin.learner DROP CONSTRAINT learner_time_zone_check;
\set finding zone_unknown
\set object 'Mars/Olympus'
INSERT INTO btwin.learner (user_id, time_zone) VALUES ('u1', 'Mars/Olympus'), ('u2', 'Europe/Paris');
\set arguments 'sample_learners => 0, ' :light
\ir doctor_case.psql
\set finding zone_abbreviation
\set object CET
UPDATE btwin.learner SET time_zone = 'CET' WHERE user_id = 'u1';
\ir doctor_case.psql
SET ROLE regress_doctor_owner;
\set object 'UTC+3'
UPDATE btwin.learner SET time_zone = 'UTC+3' WHERE user_id = 'u1';
\ir doctor_case.psql
SELECT is((SELECT string_agg(user_id || ' ' || coalesce(time_zone, 'none'), ', ' ORDER BY user_id) FROM btwin.learner), 'u1 none, u2 Europe/Paris', 'other learners keep their zone');
SET ROLE regress_doctor_owner;
ALTER TABLE btwin.attachment DROP CONSTRAINT attachment_default_time_zone_check;
\set finding zone_default_unknown
\set object 'Mars/Olympus'
UPDATE btwin.attachment SET default_time_zone = 'Mars/Olympus';
\set arguments 'sample_learners => 0, ' :light
\ir doctor_case.psql
SET ROLE regress_doctor_owner;
\set finding zone_not_chosen
\set object btwin.attachment
DELETE FROM btwin.learner;
\ir doctor_case.psql
CALL btwin.refresh() \g /dev/null

\set finding zone_of_server
SELECT 'database ' || quote_ident(current_database()) AS object, current_database() AS here, current_user AS superuser \gset
ALTER DATABASE :"here" SET TimeZone = 'America/New_York';
\set as :superuser
\ir doctor_case.psql
ALTER ROLE regress_doctor_web IN DATABASE :"here" SET timezone = 'Europe/Berlin';
SELECT 'role regress_doctor_web in database ' || quote_ident(current_database()) AS object \gset
\set as :superuser
\ir doctor_case.psql
ALTER DATABASE :"here" SET TimeZone = 'Etc/UCT';
SELECT is_empty($$SELECT * FROM btwin.doctor(ignore => '{statistics_stale:btwin.user_day,statistics_stale:btwin.late_change,object_missing,object_outdated,view_unprotected}')$$, 'UTC under another name');

-- Rights: what is missing is named, and the rest is still looked at

ALTER TABLE app.study_sessions DISABLE ROW LEVEL SECURITY;
ALTER TABLE app.reviews_old DISABLE ROW LEVEL SECURITY;
ALTER TABLE btwin.learner DISABLE ROW LEVEL SECURITY;
REVOKE SELECT ON btwin.learner FROM PUBLIC;

\set finding check_skipped
\set ignored :quiet
SET ROLE regress_doctor_reader;
SELECT string_agg(object, ' ' ORDER BY object) AS skipped, bool_and(mend ~ '^GRANT ') AS granted FROM btwin.doctor() WHERE finding = 'check_skipped' \gset
RESET ROLE;
SELECT is(:'skipped'::text, 'btwin._doctor_jobs btwin._doctor_refresh btwin._doctor_store btwin._doctor_triggers btwin._doctor_zones', 'a role without rights is told which checks could not look');
SELECT is(:'granted'::text, 't', 'and what to grant');
SET ROLE regress_doctor_reader;
SELECT string_agg(mend, ' ') AS mend FROM btwin.doctor() WHERE finding = 'check_skipped' \gset
SET ROLE regress_doctor_owner;
:mend
SET ROLE regress_doctor_reader;
SELECT is_empty($$SELECT * FROM btwin.doctor(ignore => '{statistics_stale:btwin.user_day,statistics_stale:btwin.late_change,object_missing,object_outdated,view_unprotected}')$$, 'check_skipped: mended');
RESET ROLE;
ALTER TABLE app.study_sessions ENABLE ROW LEVEL SECURITY;
SET ROLE regress_doctor_reader;
SELECT object, regexp_replace(mend, '^-- .*: (?=[A-Z])', '') AS mend FROM btwin.doctor() WHERE finding = 'check_skipped' \gset
RESET ROLE;
SELECT is(:'object' || ' ' || :'mend', 'btwin._doctor_store SET ROLE regress_doctor_owner;', 'row security: who is to call');
:mend
SELECT is_empty($$SELECT * FROM btwin.doctor(ignore => '{statistics_stale:btwin.user_day,statistics_stale:btwin.late_change,object_missing,object_outdated,view_unprotected}')$$, 'check_skipped: mended');
RESET ROLE;
-- a check that fails hides no other
INSERT INTO seen (finding) VALUES ('check_skipped');
CREATE FUNCTION public.broken_check(options jsonb) RETURNS TABLE (finding text, object text, detail text, mend text) LANGUAGE plpgsql AS $$BEGIN RAISE 'broken on purpose'; END$$;
UPDATE btwin.doctor_finding SET check_function = 'public.broken_check' WHERE finding = 'library_missing';
UPDATE btwin.attachment SET attached_at = '2024-01-01';
UPDATE btwin.refresh_run SET started_at = started_at - interval '25 hours';
SELECT results_eq($$SELECT finding, object, detail FROM btwin.doctor(ignore => '{statistics_stale,job_overdue,index_unused}')$$,
    $$SELECT 'refresh_late', 'btwin.refresh', 'the last refresh began ' || max(started_at) FROM btwin.refresh_run UNION ALL SELECT 'check_skipped', 'public.broken_check', 'broken on purpose (SQLSTATE P0001)'$$, 'a check that fails is a notice');
SELECT is_empty($$SELECT * FROM btwin.doctor(ignore => '{statistics_stale,job_overdue,index_unused,refresh_late:btwin.refresh,check_skipped:public.broken_check}')$$, 'findings, and findings of an object, can be ignored');
SELECT isnt_empty($$SELECT * FROM btwin.doctor(ignore => '{statistics_stale,job_overdue,index_unused,refresh_late:btwin,check_skipped}')$$, 'of that object only');
UPDATE btwin.doctor_finding SET check_function = 'btwin._doctor_version' WHERE finding = 'library_missing';
CALL btwin.refresh() \g /dev/null

-- Detached

SET client_min_messages = error;
SELECT count(*) AS n FROM btwin.detach() \gset
\set finding not_attached
\set object btwin
\set ignored '{refresh_late,index_unused,partition_unseen,jobs_unscheduled}'
\set arguments ''
\ir doctor_case.psql

-- All there are

\set elsewhere `cat test/t/doctor.pl test/t/doctor_cron.pl`
SELECT set_eq($$SELECT DISTINCT finding FROM seen$$ || format($$ UNION SELECT coalesce(m[1], m[2]) FROM regexp_matches(%L, '^\s*mended\(''([a-z_]+)''|''([a-z_]+): mended''', 'gn') AS m$$, :'elsewhere'), $$SELECT finding FROM btwin.doctor_finding$$,
              'every finding has a case, here or in test/t/doctor*.pl');
\set page `cat doc/doctor.md`
SELECT is_empty(format($$SELECT f.finding FROM btwin.doctor_finding f WHERE strpos(%L, format('| `%%s` | %%s | %%s | %%s | %%s |', f.finding, f.severity, f.object, f.meaning, f.mend)) = 0$$, :'page'), 'doc/doctor.md has them all as they are in btwin.doctor_finding');
SELECT is((SELECT count(*) FROM regexp_matches(:'page', '^\| `[a-z_]+` \| (error|warning|notice) \|', 'gn')), (SELECT count(*) FROM btwin.doctor_finding), 'and no other');
SELECT * FROM finish();
