-- Jobs: what btwin wants done regularly, handed to pg_cron or to another
-- scheduler, and how the runs went.
--
-- btwin.job lists the jobs, the settings and the record of runs are tables that
-- attach makes. Everything runs as the owner of what is attached, an ordinary role.

CREATE TABLE btwin.job (
    job         text PRIMARY KEY,
    position    integer NOT NULL UNIQUE,
    schedule    text NOT NULL,
    command     text NOT NULL,
    call        text,
    needs       text,
    purpose     text NOT NULL
);
COMMENT ON TABLE btwin.job IS
'The jobs that btwin.schedule_jobs() schedules. Schedules have the five fields of cron and count in the scheduler''s time zone, GMT where pg_cron has no other';
COMMENT ON COLUMN btwin.job.job IS 'Name; "reindex" stands for one job for each table and index that attach made';
COMMENT ON COLUMN btwin.job.position IS 'Order';
COMMENT ON COLUMN btwin.job.schedule IS 'When it runs, unless btwin.schedule_jobs(schedules => ...) said otherwise: minute, hour, day of the month, month, day of the week (0 is Sunday)';
COMMENT ON COLUMN btwin.job.command IS 'The statement of the job';
COMMENT ON COLUMN btwin.job.call IS 'What btwin.run_job(job) executes: a query that returns one number and, where it likes, a text that says what failed while the rest was done; NULL: the job is no matter of run_job';
COMMENT ON COLUMN btwin.job.needs IS 'The job is scheduled only where this function exists; NULL: always';
COMMENT ON COLUMN btwin.job.purpose IS 'What it is for';
GRANT SELECT ON btwin.job TO PUBLIC;

INSERT INTO btwin.job (job, position, schedule, command, call, needs, purpose) VALUES
    ('refresh', 10, '*/5 * * * *', 'CALL btwin.refresh()', NULL, NULL, 'keeps the store up to date'),
    ('bi',      20, '10 * * * *',  'CALL btwin.run_job(''bi'')', 'SELECT pg_catalog.count(*) FILTER (WHERE b.action OPERATOR(pg_catalog.=) ''refreshed''), pg_catalog.string_agg(pg_catalog.format(''%s: %s'', b.view_name, b.detail), ''; '') FILTER (WHERE b.action OPERATOR(pg_catalog.=) ''failed'') FROM btwin.refresh_bi() AS b', 'btwin.refresh_bi', 'refreshes the materialized views of btwin_bi'),
    ('nightly', 30, '0 2 * * *',   'CALL btwin.nightly()', NULL, NULL, 'refreshes, compares a sample of learners with the tables, prunes records of runs'),
    ('analysis', 35, '30 2 * * *', 'CALL btwin.analyze_all()', NULL, NULL, 'analyses every learner: patterns, predictions, burnout, goals'),
    ('analyze', 40, '30 4 * * *',  'CALL btwin.analyze_tables()', NULL, NULL, 'gathers statistics of the attached tables and the store, partitioned tables included'),
    ('bloat',   50, '0 5 1 * *',   'CALL btwin.run_job(''bloat'')', 'SELECT btwin.check_bloat()', NULL, 'measures what is bloated, into btwin.bloat_check'),
    ('reindex', 60, '0 3 * * 0',   'REINDEX (TABLE or INDEX) CONCURRENTLY', NULL, NULL, 'rebuilds what attach made, one statement for each job');

CREATE TABLE btwin.nightly_part (
    part            text PRIMARY KEY,
    position        integer NOT NULL UNIQUE,
    call            text NOT NULL,
    comment         text NOT NULL
);
COMMENT ON TABLE btwin.nightly_part IS
'What btwin.nightly() does after the refresh, each part in a transaction of its own. A later module adds its part by adding a row';
COMMENT ON COLUMN btwin.nightly_part.part IS 'Name';
COMMENT ON COLUMN btwin.nightly_part.position IS 'Order';
COMMENT ON COLUMN btwin.nightly_part.call IS 'Query that returns one number and, where it likes, a text that says what failed while the rest was done; $1 is the sample and $2 the days to keep that nightly was called with';
COMMENT ON COLUMN btwin.nightly_part.comment IS 'What it does, and what the number counts';
GRANT SELECT ON btwin.nightly_part TO PUBLIC;
INSERT INTO btwin.nightly_part (part, position, call, comment) VALUES
    ('verify', 10, 'SELECT pg_catalog.count(*) FROM btwin.verify(sample => $1, heal => true)', 'compares stored days of a sample of learners with the tables and notes what differs; stored rows that differ'),
    ('prune',  20, 'SELECT btwin.prune_history($2)', 'removes old records of runs; rows removed');

-- Step of attach

CREATE FUNCTION btwin._job_tables() RETURNS name[]
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $job_tables$SELECT '{job_run,job_setting,scheduled_job,bloat_check}'::name[]$job_tables$;
COMMENT ON FUNCTION btwin._job_tables() IS
'Internal: names of the tables that attach makes for jobs.';

CREATE FUNCTION btwin._check_jobs(schema_name name, create_indexes boolean) RETURNS boolean
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $check_jobs$
DECLARE
    taken text;
BEGIN
    SELECT format('btwin.%I', n.name) INTO taken
    FROM unnest(btwin._job_tables()) AS n (name)
    JOIN pg_class c ON c.oid = to_regclass(format('btwin.%I', n.name)) AND c.relkind <> 'r';
    IF FOUND THEN
        RAISE EXCEPTION '% is not a table', taken
            USING ERRCODE = 'wrong_object_type',
                  DETAIL = 'It was not made by btwin.attach.',
                  HINT = 'Rename or drop it: attach keeps a table of that name.';
    END IF;
    RETURN true;
END
$check_jobs$;
COMMENT ON FUNCTION btwin._check_jobs(name, boolean) IS
'Internal: raises an error where the name of a table of the jobs is taken.';

CREATE FUNCTION btwin._attach_jobs(schema_name name, create_indexes boolean)
RETURNS TABLE (object text, kind text, action text, detail text)
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $attach_jobs$
#variable_conflict use_column
DECLARE
    part record;
BEGIN
    kind := 'jobs';
    -- left over from an earlier attach under another owner; who may attach for
    -- this owner, a superuser as a rule, may hand it over
    FOR part IN SELECT c.oid::regclass AS relation FROM pg_class c
                WHERE c.oid IN (SELECT to_regclass(format('btwin.%I', n)) FROM unnest(btwin._job_tables()) AS n)
                  AND pg_get_userbyid(c.relowner) <> current_user
    LOOP
        PERFORM btwin._execute_as('none', format('ALTER TABLE %s OWNER TO %I', part.relation, current_user));
    END LOOP;

    object := 'btwin.job_run';
    detail := 'a row per run of a job and of each part of it';
    action := 'found';
    IF to_regclass(object) IS NULL THEN
        CREATE TABLE btwin.job_run (
            run_id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            part_of     bigint,
            job         text NOT NULL,
            part        text,
            started_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
            finished_at timestamptz,
            outcome     text NOT NULL DEFAULT 'running' CHECK (outcome IN ('running', 'done', 'failed', 'skipped', 'abandoned')),
            n           bigint,
            message     text,
            pid         integer NOT NULL DEFAULT pg_backend_pid()
        );
        CREATE INDEX job_run_job ON btwin.job_run (job, started_at);
        COMMENT ON TABLE btwin.job_run IS 'Runs of jobs, whoever started them: one row for the run (part is NULL) and one for each of its parts. Runs of refresh by itself are in btwin.refresh_run';
        COMMENT ON COLUMN btwin.job_run.run_id IS 'Number';
        COMMENT ON COLUMN btwin.job_run.part_of IS 'The run that a part belongs to; NULL for the run itself';
        COMMENT ON COLUMN btwin.job_run.job IS 'Job, see btwin.job';
        COMMENT ON COLUMN btwin.job_run.part IS 'Part of it; NULL for the run itself';
        COMMENT ON COLUMN btwin.job_run.started_at IS 'Start';
        COMMENT ON COLUMN btwin.job_run.finished_at IS 'End; NULL while it runs, or when its server stopped';
        COMMENT ON COLUMN btwin.job_run.outcome IS 'running, done, failed, skipped (the job was running already), or abandoned (found unfinished by a later run)';
        COMMENT ON COLUMN btwin.job_run.n IS 'What was counted: learners refreshed, stored rows that differ, rows pruned, tables analysed, objects measured, views refreshed';
        COMMENT ON COLUMN btwin.job_run.message IS 'Error, or what was done';
        COMMENT ON COLUMN btwin.job_run.pid IS 'Server process that ran it';
        action := 'created';
    END IF;
    RETURN NEXT;

    object := 'btwin.job_setting';
    detail := 'schedules other than those of btwin.job';
    action := 'found';
    IF to_regclass(object) IS NULL THEN
        CREATE TABLE btwin.job_setting (
            job         text PRIMARY KEY,
            schedule    text
        );
        COMMENT ON TABLE btwin.job_setting IS 'What btwin.schedule_jobs(schedules => ...) was told; it holds for later calls too';
        COMMENT ON COLUMN btwin.job_setting.job IS 'Job';
        COMMENT ON COLUMN btwin.job_setting.schedule IS 'Its schedule; NULL: not to be scheduled';
        action := 'created';
    END IF;
    RETURN NEXT;

    object := 'btwin.scheduled_job';
    detail := 'what was handed to a scheduler';
    action := 'found';
    IF to_regclass(object) IS NULL THEN
        CREATE TABLE btwin.scheduled_job (
            job             text PRIMARY KEY,
            schedule        text NOT NULL,
            command         text NOT NULL,
            job_name        text NOT NULL,
            scheduler       text NOT NULL CHECK (scheduler IN ('pg_cron', 'pg_cron elsewhere', 'crontab')),
            cron_database   text,
            owner           text NOT NULL,
            scheduled_at    timestamptz NOT NULL DEFAULT clock_timestamp()
        );
        COMMENT ON TABLE btwin.scheduled_job IS 'Jobs that btwin.schedule_jobs() scheduled, or gave the lines for';
        COMMENT ON COLUMN btwin.scheduled_job.job IS 'Job';
        COMMENT ON COLUMN btwin.scheduled_job.schedule IS 'Schedule';
        COMMENT ON COLUMN btwin.scheduled_job.command IS 'Statement';
        COMMENT ON COLUMN btwin.scheduled_job.job_name IS 'Name in pg_cron';
        COMMENT ON COLUMN btwin.scheduled_job.scheduler IS 'pg_cron in this database, pg_cron elsewhere (in another database of the server), or crontab';
        COMMENT ON COLUMN btwin.scheduled_job.cron_database IS 'Database of pg_cron; NULL for crontab';
        COMMENT ON COLUMN btwin.scheduled_job.owner IS 'Role that runs it';
        COMMENT ON COLUMN btwin.scheduled_job.scheduled_at IS 'When scheduled first, or changed';
        action := 'created';
    END IF;
    RETURN NEXT;

    object := 'btwin.bloat_check';
    detail := 'what checks of bloat found';
    action := 'found';
    IF to_regclass(object) IS NULL THEN
        CREATE TABLE btwin.bloat_check (
            checked_at      timestamptz NOT NULL,
            object          text NOT NULL,
            kind            text NOT NULL CHECK (kind IN ('table', 'index')),
            size_bytes      bigint NOT NULL,
            n_rows          double precision,
            bloat_ratio     double precision CHECK (bloat_ratio BETWEEN 0 AND 1),
            bloat_bytes     bigint,
            method          text NOT NULL CHECK (method IN ('pgstattuple', 'estimate')),
            PRIMARY KEY (checked_at, object)
        );
        COMMENT ON TABLE btwin.bloat_check IS 'What btwin.check_bloat() found: one row per check and table or index';
        COMMENT ON COLUMN btwin.bloat_check.checked_at IS 'When';
        COMMENT ON COLUMN btwin.bloat_check.object IS 'Table or index with its schema';
        COMMENT ON COLUMN btwin.bloat_check.kind IS 'table or index';
        COMMENT ON COLUMN btwin.bloat_check.size_bytes IS 'Size of its main part, without what is out of line, in bytes';
        COMMENT ON COLUMN btwin.bloat_check.n_rows IS 'Rows or index entries as the server estimates them; NULL: it was never analysed';
        COMMENT ON COLUMN btwin.bloat_check.bloat_ratio IS 'Share of it that a rewrite would give back, 0 to 1; NULL: unknown, there are no statistics';
        COMMENT ON COLUMN btwin.bloat_check.bloat_bytes IS 'The same in bytes';
        COMMENT ON COLUMN btwin.bloat_check.method IS 'pgstattuple: measured; estimate: from statistics of rows and widths';
        action := 'created';
    END IF;
    RETURN NEXT;
END
$attach_jobs$;
COMMENT ON FUNCTION btwin._attach_jobs(name, boolean) IS
'Internal: creates the tables of the jobs.';

CREATE FUNCTION btwin._detach_jobs(drop_derived boolean, drop_data boolean)
RETURNS TABLE (object text, kind text, action text, detail text)
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $detach_jobs$
DECLARE
    part name;
BEGIN
    kind := 'job';
    FOR object, action, detail IN SELECT u.job, u.action, u.detail FROM btwin.unschedule_jobs() AS u LOOP
        RETURN NEXT;
    END LOOP;
    kind := 'jobs';
    FOREACH part IN ARRAY btwin._job_tables() LOOP
        CONTINUE WHEN to_regclass(format('btwin.%I', part)) IS NULL;
        object := format('btwin.%I', part);
        IF (CASE WHEN part = 'job_setting' THEN drop_data ELSE drop_derived END) THEN
            EXECUTE format('DROP TABLE btwin.%I', part);
            action := 'dropped';
            detail := CASE WHEN part = 'job_setting' THEN 'drop_data' ELSE 'drop_derived: records of runs' END;
        ELSE
            action := 'kept';
            detail := CASE WHEN part = 'job_setting' THEN 'schedules of your own; drop_data => true drops it' ELSE 'records of runs; drop_derived => true drops it' END;
        END IF;
        RETURN NEXT;
    END LOOP;
END
$detach_jobs$;
COMMENT ON FUNCTION btwin._detach_jobs(boolean, boolean) IS
'Internal: unschedules the jobs; drops the records of runs with drop_derived, schedules of the user''s own with drop_data.';

INSERT INTO btwin.attach_step (position, step, check_function, attach_function, detach_function, comment) VALUES
    (90, 'jobs', 'btwin._check_jobs', 'btwin._attach_jobs', 'btwin._detach_jobs', 'tables of the jobs');

-- Schedules

-- The numbers a field of a schedule stands for; NULL where it cannot be read.
CREATE FUNCTION btwin._cron_field(field text, lowest integer, highest integer) RETURNS integer[]
LANGUAGE sql IMMUTABLE STRICT
SET search_path = pg_catalog, pg_temp
AS $cron_field$
SELECT CASE WHEN bool_and(p.m IS NOT NULL AND p.first >= lowest AND p.last <= highest AND p.first <= p.last AND p.step > 0)
            THEN (SELECT array_agg(DISTINCT v ORDER BY v)
                  FROM regexp_split_to_table(field, ',') AS e,
                       regexp_match(e, '^(?:(\*)|(\d{1,4})(?:-(\d{1,4}))?)(?:/(\d{1,4}))?$') AS m,
                       generate_series(coalesce(m[2]::integer, lowest),
                                       coalesce(m[3]::integer, CASE WHEN m[2] IS NULL OR m[4] IS NOT NULL THEN highest ELSE m[2]::integer END),
                                       coalesce(m[4]::integer, 1)) AS v) END
FROM (SELECT m, coalesce(m[2]::integer, lowest), coalesce(m[3]::integer, m[2]::integer, highest), coalesce(m[4]::integer, 1)
      FROM regexp_split_to_table(field, ',') AS e
      LEFT JOIN LATERAL regexp_match(e, '^(?:(\*)|(\d{1,4})(?:-(\d{1,4}))?)(?:/(\d{1,4}))?$') AS m ON true) AS p (m, first, last, step)
$cron_field$;
COMMENT ON FUNCTION btwin._cron_field(text, integer, integer) IS
'Internal: the numbers that a field of a cron schedule stands for: *, numbers, ranges and lists of them, with steps. NULL: none of these.';

CREATE FUNCTION btwin._cron_next(schedule text, after timestamptz, time_zone text) RETURNS timestamptz
LANGUAGE plpgsql STABLE STRICT
SET search_path = pg_catalog, pg_temp
-- compiling takes a hundred times as long as running
SET jit = off
AS $cron_next$
DECLARE
    fields      text[] := regexp_split_to_array(btrim(schedule), '\s+');
    minutes     integer[];
    hours       integer[];
    month_days  integer[];
    months      integer[];
    week_days   integer[];
    either      boolean;
    next_run    timestamptz;
    span        integer;
BEGIN
    IF schedule ~ '^\s*\d{1,2}\s+seconds?\s*$' THEN
        RETURN after + fields[1]::integer * interval '1 second';
    END IF;
    IF cardinality(fields) <> 5 THEN
        RETURN NULL;
    END IF;
    minutes := btwin._cron_field(fields[1], 0, 59);
    hours := btwin._cron_field(fields[2], 0, 23);
    month_days := btwin._cron_field(fields[3], 1, 31);
    months := btwin._cron_field(fields[4], 1, 12);
    -- 7 is Sunday too
    week_days := (SELECT array_agg(v % 7) FROM unnest(btwin._cron_field(fields[5], 0, 7)) AS v);
    IF minutes IS NULL OR hours IS NULL OR month_days IS NULL OR months IS NULL OR week_days IS NULL THEN
        RETURN NULL;
    END IF;
    -- where both kinds of days are given, one of them suffices
    either := fields[3] NOT LIKE '*%' AND fields[5] NOT LIKE '*%';
    -- most come true within weeks, a 29th of February within eight years
    FOREACH span IN ARRAY '{35,3000}'::integer[] LOOP
        SELECT min(t.moment) INTO next_run
        FROM (SELECT d::date AS day
              FROM generate_series((after AT TIME ZONE time_zone)::date, (after AT TIME ZONE time_zone)::date + span, interval '1 day') AS d
              WHERE extract(month FROM d)::integer = ANY (months)
                AND CASE WHEN either THEN extract(day FROM d)::integer = ANY (month_days) OR extract(dow FROM d)::integer = ANY (week_days)
                         ELSE extract(day FROM d)::integer = ANY (month_days) AND extract(dow FROM d)::integer = ANY (week_days) END
              ORDER BY d LIMIT 2) AS d
        CROSS JOIN unnest(hours) AS h CROSS JOIN unnest(minutes) AS m
        CROSS JOIN LATERAL (SELECT (d.day + make_interval(hours => h, mins => m)) AT TIME ZONE time_zone) AS t (moment)
        WHERE t.moment > after;
        EXIT WHEN next_run IS NOT NULL;
    END LOOP;
    RETURN next_run;
END
$cron_next$;
COMMENT ON FUNCTION btwin._cron_next(text, timestamptz, text) IS
'Internal: the first moment after another at which a schedule of cron (five fields of numbers, or so many seconds) comes true; NULL for other schedules and for days that never come.';

-- The jobs of this database, with the schedules they shall have.

CREATE FUNCTION btwin._job_owner() RETURNS name
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $job_owner$
SELECT pg_get_userbyid(c.relowner) FROM pg_class c WHERE c.oid = to_regclass('btwin.attachment')
$job_owner$;
COMMENT ON FUNCTION btwin._job_owner() IS
'Internal: the role that owns what is attached, and runs jobs.';

-- pg_cron knows a job by name and role, for all databases of a server, and up to
-- version 1.4 cuts names at 63 bytes. A job has no dot in its name.
CREATE FUNCTION btwin._cron_job_name(database name, job text) RETURNS text
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $cron_job_name$
SELECT CASE WHEN octet_length(format('btwin_%s.%s', database, job)) <= 63 THEN format('btwin_%s.%s', database, job)
            ELSE format('btwin_%s.%s', left(md5(database::text), 8),
                        CASE WHEN octet_length(job) <= 48 THEN job ELSE left(job, 39) || '_' || left(md5(job), 8) END) END
$cron_job_name$;
COMMENT ON FUNCTION btwin._cron_job_name(name, text) IS
'Internal: the name of a job in pg_cron, at most 63 bytes; it holds the database, or a digest of it where it is long.';

CREATE FUNCTION btwin._is_cron_job_name(database name, job_name text) RETURNS boolean
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $is_cron_job_name$
SELECT coalesce(regexp_replace(job_name, '\.[^.]*$', '') IN (format('btwin_%s', database), format('btwin_%s', left(md5(database::text), 8))), false)
$is_cron_job_name$;
COMMENT ON FUNCTION btwin._is_cron_job_name(name, text) IS
'Internal: a job of pg_cron with this name is one of btwin for that database.';

-- Two REINDEX CONCURRENTLY on one table end with a deadlock that the older one
-- loses: the later waits for the table with a snapshot the older waits for. Those
-- of one table are half an hour apart, different tables anywhere within it.
CREATE FUNCTION btwin._reindex_jobs()
RETURNS TABLE (job text, command text, minutes_later integer, object text, table_owner name)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $reindex_jobs$
WITH mine AS (
    -- tables that attach made: all their indexes in one statement
    SELECT c.oid AS relation, c.relname, n.nspname, c.relowner, NULL::name AS index_name, 0 AS later
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind = 'r' AND c.relhasindex
      AND (n.nspname = 'btwin' AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
           AND pg_get_userbyid(c.relowner) = btwin._job_owner()
           OR EXISTS (SELECT FROM btwin.attached_object o WHERE o.kind = 'table' AND o.made AND o.schema_name = n.nspname AND o.object_name = c.relname))
    UNION ALL
    -- indexes that attach made on tables of the application
    SELECT t.oid, t.relname, n.nspname, t.relowner, o.object_name,
           row_number() OVER (PARTITION BY t.oid ORDER BY o.object_name)::integer - 1
    FROM btwin.attached_object o
    JOIN pg_class c ON c.oid = to_regclass(format('%I.%I', o.schema_name, o.object_name)) AND c.relkind IN ('i', 'I')
    JOIN pg_index x ON x.indexrelid = c.oid
    JOIN pg_class t ON t.oid = x.indrelid
    JOIN pg_namespace n ON n.oid = t.relnamespace
    WHERE o.kind = 'index' AND o.made
      AND NOT EXISTS (SELECT FROM btwin.attached_object a WHERE a.kind = 'table' AND a.made AND a.schema_name = n.nspname AND a.object_name = t.relname)
)
SELECT 'reindex_' || regexp_replace(coalesce(m.index_name, m.relname), '^btwin_', ''),
       CASE WHEN m.index_name IS NULL THEN format('REINDEX TABLE CONCURRENTLY %I.%I', m.nspname, m.relname)
            ELSE format('REINDEX INDEX CONCURRENTLY %I.%I', m.nspname, m.index_name) END,
       -- by its name, so that it stays when other tables come and go
       ('x' || substr(md5(format('%s.%s', m.nspname, m.relname)), 1, 4))::bit(16)::integer % 30 + 30 * m.later,
       format('%I.%I', m.nspname, coalesce(m.index_name, m.relname)),
       pg_get_userbyid(m.relowner)
FROM mine m
ORDER BY m.nspname, m.relname, m.later
$reindex_jobs$;
COMMENT ON FUNCTION btwin._reindex_jobs() IS
'Internal: one job for each table that attach made and each index it made on other tables, and so many minutes after the first it starts.';

CREATE FUNCTION btwin._wanted_jobs()
RETURNS TABLE (job text, schedule text, command text, place bigint, hindrance text)
LANGUAGE plpgsql STABLE ROWS 60
SET search_path = pg_catalog, pg_temp
AS $wanted_jobs$
#variable_conflict use_column
DECLARE
    owner name := btwin._job_owner();
BEGIN
    IF btwin.attached_schema() IS NULL OR to_regclass('btwin.job_setting') IS NULL THEN
        RETURN;
    END IF;
    RETURN QUERY
    WITH one AS (
        SELECT j.job, j.job AS kind, j.schedule, j.command, 0 AS minutes_later, j.position::bigint AS place,
               CASE WHEN j.needs IS NOT NULL AND NOT EXISTS (SELECT FROM pg_proc p WHERE p.pronamespace = 'btwin'::regnamespace AND 'btwin.' || p.proname = j.needs)
                    THEN format('there is no %s()', j.needs) END AS hindrance
        FROM btwin.job j WHERE j.job <> 'reindex'
        UNION ALL
        SELECT r.job, 'reindex', j.schedule, r.command, r.minutes_later, 1000 + row_number() OVER (),
               CASE WHEN NOT pg_has_role(owner, r.table_owner, 'USAGE') THEN format('%s belongs to role %I', r.object, r.table_owner) END
        FROM btwin._reindex_jobs() r CROSS JOIN btwin.job j WHERE j.job = 'reindex'
    ), asked AS (
        SELECT o.*, own.job IS NOT NULL AS is_own, CASE WHEN own.job IS NOT NULL THEN own.schedule WHEN kind.job IS NOT NULL THEN kind.schedule ELSE o.schedule END AS base
        FROM one o
        LEFT JOIN btwin.job_setting own ON own.job = o.job
        LEFT JOIN btwin.job_setting kind ON kind.job = o.kind
    )
    SELECT a.job,
           -- a start at one minute of one hour is spread over the jobs of its kind
           CASE WHEN a.minutes_later > 0 AND NOT a.is_own AND m IS NOT NULL
                THEN format('%s %s %s %s %s', s.start % 60, s.start / 60 % 24, m[3], m[4],
                            CASE WHEN m[5] ~ '^[0-7]$' THEN ((m[5]::integer + s.start / 1440) % 7)::text ELSE m[5] END)
                ELSE a.base END,
           a.command, a.place, a.hindrance
    FROM asked a
    LEFT JOIN LATERAL regexp_match(a.base, '^\s*(\d{1,2})\s+(\d{1,2})\s+(\*)\s+(\S+)\s+(\S+)\s*$') AS m ON true
    LEFT JOIN LATERAL (SELECT m[2]::integer * 60 + m[1]::integer + a.minutes_later AS start) AS s ON true
    ORDER BY a.place;
END
$wanted_jobs$;
COMMENT ON FUNCTION btwin._wanted_jobs() IS
'Internal: the jobs with the schedules they shall have (NULL: not wanted), and what keeps one from being scheduled.';

-- What there is to schedule with

CREATE FUNCTION btwin._cron_version() RETURNS integer[]
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $cron_version$
SELECT ARRAY[m[1]::integer, m[2]::integer]
FROM pg_extension e CROSS JOIN LATERAL regexp_match(e.extversion, '^(\d+)\.(\d+)') AS m
WHERE e.extname = 'pg_cron' AND m IS NOT NULL
$cron_version$;
COMMENT ON FUNCTION btwin._cron_version() IS
'Internal: major and minor version of pg_cron in this database; NULL: it is not here.';

CREATE FUNCTION btwin._cron_setting(setting text) RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $cron_setting$
BEGIN
    RETURN current_setting('cron.' || setting, true);
EXCEPTION WHEN insufficient_privilege THEN
    RETURN NULL;
END
$cron_setting$;
COMMENT ON FUNCTION btwin._cron_setting(text) IS
'Internal: a setting of pg_cron; NULL where the server does not load pg_cron, or the role may not see it.';

CREATE FUNCTION btwin._cron_time_zone(scheduler text) RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $cron_time_zone$
-- before 1.5 the setting has no effect
SELECT CASE WHEN scheduler = 'crontab' THEN current_setting('log_timezone')
            WHEN scheduler = 'pg_cron' AND btwin._cron_version() < '{1,5}' THEN 'GMT'
            ELSE coalesce(nullif(btwin._cron_setting('timezone'), ''), 'GMT') END
$cron_time_zone$;
COMMENT ON FUNCTION btwin._cron_time_zone(text) IS
'Internal: the time zone in which a scheduler reads schedules; of the machine the server knows what log_timezone says.';

CREATE FUNCTION btwin._remove_cron_job(job_id bigint) RETURNS bigint
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $remove_cron_job$
DECLARE
    n bigint;
BEGIN
    EXECUTE 'SELECT cron.unschedule($1)' USING job_id;
    -- nobody would prune them any more
    EXECUTE 'DELETE FROM cron.job_run_details d WHERE d.jobid = $1' USING job_id;
    GET DIAGNOSTICS n = ROW_COUNT;
    RETURN n;
END
$remove_cron_job$;
COMMENT ON FUNCTION btwin._remove_cron_job(bigint) IS
'Internal: takes a job out of pg_cron with the records of its runs; returns how many of these.';

CREATE FUNCTION btwin._shell_quote(value text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT
SET search_path = pg_catalog, pg_temp
AS $shell_quote$SELECT '''' || replace(value, '''', '''\''''') || ''''$shell_quote$;
COMMENT ON FUNCTION btwin._shell_quote(text) IS
'Internal: a value as one word of a shell.';

CREATE FUNCTION btwin._crontab_line(schedule text, command text, role_name name) RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $crontab_line$
-- crontab ends a command at a percent sign that is not escaped
SELECT schedule || ' ' || replace(format('psql -X -q -d %s -c %s',
           btwin._shell_quote(format('dbname=''%s'' user=''%s''', replace(replace(current_database(), '\', '\\'), '''', '\'''), replace(replace(role_name, '\', '\\'), '''', '\'''))),
           btwin._shell_quote(command)), '%', '\%')
$crontab_line$;
COMMENT ON FUNCTION btwin._crontab_line(text, text, name) IS
'Internal: the line of a crontab that runs a statement in this database as a role.';

CREATE FUNCTION btwin._require_job_owner(OUT owner name, OUT is_super boolean)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $require_job_owner$
BEGIN
    owner := btwin._job_owner();
    is_super := (SELECT r.rolsuper FROM pg_roles r WHERE r.rolname = current_user);
    IF NOT is_super AND NOT pg_has_role(current_user, owner, CASE WHEN current_setting('server_version_num')::integer >= 160000 THEN 'SET' ELSE 'MEMBER' END) THEN
        RAISE EXCEPTION 'role "%" may not change jobs of role "%"', current_user, owner
            USING ERRCODE = 'insufficient_privilege',
                  DETAIL = 'The owner of what is attached schedules its jobs, a member of that role, or a superuser.',
                  HINT = format('Call it as %I.', owner);
    END IF;
END
$require_job_owner$;
COMMENT ON FUNCTION btwin._require_job_owner() IS
'Internal: the role jobs belong to, and whether the caller is a superuser; an error where the caller may not act for that role.';

CREATE FUNCTION btwin.schedule_jobs(
    schedules       jsonb   DEFAULT NULL,
    scheduler       text    DEFAULT NULL,
    cron_database   name    DEFAULT NULL,
    allow_superuser boolean DEFAULT false
) RETURNS TABLE (job text, schedule text, command text, action text, detail text)
LANGUAGE plpgsql VOLATILE ROWS 60
SET search_path = pg_catalog, pg_temp
AS $schedule_jobs$
#variable_conflict use_column
DECLARE
    caller          name := current_user;
    previous_role   text := current_setting('role');
    version         integer[] := btwin._cron_version();
    elsewhere       name;
    acting          record;
    role_row        record;
    part            record;
    old             record;
    place           text;
BEGIN
    PERFORM btwin.require_attached();
    IF to_regclass('btwin.scheduled_job') IS NULL THEN
        RAISE EXCEPTION 'there is no table btwin.scheduled_job'
            USING ERRCODE = 'object_not_in_prerequisite_state',
                  DETAIL = 'The schema was attached before btwin knew of jobs.',
                  HINT = 'SELECT * FROM btwin.attach() makes what is missing.';
    END IF;
    IF allow_superuser IS NULL THEN
        RAISE EXCEPTION 'argument "allow_superuser" must not be null' USING ERRCODE = 'null_value_not_allowed', HINT = 'Leave the argument out to take its default.';
    END IF;
    IF scheduler NOT IN ('pg_cron', 'crontab') THEN
        RAISE EXCEPTION 'scheduler "%" is not known', scheduler USING ERRCODE = 'invalid_parameter_value', HINT = 'pg_cron or crontab; left out: pg_cron where there is one.';
    END IF;
    acting := btwin._require_job_owner();
    PERFORM pg_advisory_xact_lock(hashtextextended('btwin.attach', 0));

    -- whose jobs they are
    SELECT r.rolsuper, r.rolcanlogin INTO role_row FROM pg_roles r WHERE r.rolname = acting.owner;
    IF role_row.rolsuper AND NOT allow_superuser THEN
        RAISE EXCEPTION 'jobs would run as the superuser "%"', acting.owner
            USING ERRCODE = 'insufficient_privilege',
                  DETAIL = 'Jobs run as the owner of what is attached. What a job executes, other roles of the database may be able to change.',
                  HINT = 'SELECT * FROM btwin.detach(); then attach for an ordinary role: SELECT * FROM btwin.attach(owner => ...). Or call btwin.schedule_jobs(allow_superuser => true).';
    END IF;
    IF NOT role_row.rolcanlogin THEN
        RAISE EXCEPTION 'jobs would run as role "%", which may not log in', acting.owner
            USING ERRCODE = 'object_not_in_prerequisite_state',
                  HINT = format('ALTER ROLE %I LOGIN', acting.owner);
    END IF;

    -- where: pg_cron here, in another database of this server, or none
    elsewhere := CASE WHEN scheduler = 'crontab' THEN NULL
                      WHEN cron_database <> current_database() THEN cron_database
                      WHEN cron_database IS NULL AND version IS NULL THEN nullif(btwin._cron_setting('database_name'), current_database()::text)::name END;
    place := CASE WHEN scheduler = 'crontab' THEN 'crontab' WHEN elsewhere IS NOT NULL THEN 'pg_cron elsewhere'
                  WHEN version IS NOT NULL THEN 'pg_cron' ELSE 'crontab' END;
    IF place = 'crontab' AND (scheduler = 'pg_cron' OR cron_database IS NOT NULL) THEN
        RAISE EXCEPTION 'there is no pg_cron in database "%"', current_database()
            USING ERRCODE = 'object_not_in_prerequisite_state',
                  DETAIL = 'pg_cron lives in one database of a server, the one that cron.database_name names; only some roles may see that setting.',
                  HINT = 'CREATE EXTENSION pg_cron, or name the database where it is: btwin.schedule_jobs(cron_database => ...).';
    END IF;
    IF place = 'pg_cron' AND version < '{1,3}' THEN
        RAISE EXCEPTION 'pg_cron %.% is too old', version[1], version[2]
            USING ERRCODE = 'feature_not_supported',
                  DETAIL = 'Jobs with names, which can be scheduled again without doubling, came with pg_cron 1.3.',
                  HINT = 'ALTER EXTENSION pg_cron UPDATE, or call btwin.schedule_jobs(scheduler => ''crontab'').';
    END IF;

    IF place = 'pg_cron' AND NOT has_schema_privilege(acting.owner, 'cron', 'USAGE') THEN
        IF NOT pg_has_role(caller, (SELECT n.nspowner FROM pg_namespace n WHERE n.nspname = 'cron'), 'USAGE') THEN
            RAISE EXCEPTION 'role "%" may not use schema cron', acting.owner
                USING ERRCODE = 'insufficient_privilege',
                      HINT = format('Let the owner of pg_cron run: GRANT USAGE ON SCHEMA cron TO %I', acting.owner);
        END IF;
        EXECUTE format('GRANT USAGE ON SCHEMA cron TO %I', acting.owner);
        action := 'granted';
        detail := format('USAGE on schema cron to %I', acting.owner);
        RETURN NEXT;
    END IF;

    -- the same jobs of another role, from before the owner changed
    IF place = 'pg_cron' AND acting.is_super THEN
        FOR old IN EXECUTE 'SELECT c.jobid, c.jobname::text AS job_name, c.schedule, c.command, c.username FROM cron.job c WHERE c.database = current_database() AND c.username <> $1 AND btwin._is_cron_job_name(current_database(), c.jobname::text) ORDER BY c.jobid' USING acting.owner LOOP
            PERFORM btwin._remove_cron_job(old.jobid);
            job := split_part(old.job_name, '.', -1);
            schedule := old.schedule;
            command := old.command;
            action := 'removed';
            detail := format('belonged to role %I', old.username);
            RETURN NEXT;
        END LOOP;
    END IF;

    IF acting.owner <> caller THEN
        PERFORM set_config('role', acting.owner::text, true);
    END IF;

    -- settings
    IF schedules IS NOT NULL THEN
        IF jsonb_typeof(schedules) <> 'object' THEN
            RAISE EXCEPTION 'schedules must be a JSON object, not %', jsonb_typeof(schedules)
                USING ERRCODE = 'invalid_parameter_value', HINT = 'For example {"refresh": "*/10 * * * *", "bloat": null}.';
        END IF;
        FOR part IN SELECT s.key, s.value, s.value #>> '{}' AS wanted, w.job FROM jsonb_each(schedules) AS s
                    LEFT JOIN (SELECT w.job FROM btwin._wanted_jobs() w UNION SELECT j.job FROM btwin.job j) AS w ON w.job = s.key LOOP
            IF part.job IS NULL THEN
                RAISE EXCEPTION 'job "%" is not known', part.key USING ERRCODE = 'invalid_parameter_value', HINT = 'SELECT job FROM btwin.job; "reindex" stands for all of its kind.';
            END IF;
            IF jsonb_typeof(part.value) NOT IN ('string', 'null') OR part.wanted <> 'default' AND part.wanted !~ '[$]'
               AND btwin._cron_next(part.wanted, timestamptz '2000-01-01 00:00:00+00', 'UTC') IS NULL THEN
                RAISE EXCEPTION 'the schedule of job "%" cannot be read: %', part.key, part.value
                    USING ERRCODE = 'invalid_parameter_value',
                          HINT = 'Five fields of numbers: minute, hour, day of the month, month, day of the week. null: not to be scheduled; "default": as btwin.job has it.';
            END IF;
            IF part.wanted = 'default' THEN
                DELETE FROM btwin.job_setting s WHERE s.job = part.key;
            ELSE
                INSERT INTO btwin.job_setting (job, schedule) VALUES (part.key, part.wanted)
                ON CONFLICT (job) DO UPDATE SET schedule = excluded.schedule;
            END IF;
        END LOOP;
    END IF;

    -- jobs
    FOR part IN SELECT w.*, btwin._cron_job_name(current_database(), w.job) AS job_name FROM btwin._wanted_jobs() w ORDER BY w.place LOOP
        job := part.job;
        schedule := part.schedule;
        command := part.command;
        detail := part.hindrance;
        IF part.hindrance IS NOT NULL OR part.schedule IS NULL THEN
            CONTINUE WHEN part.schedule IS NULL;
            action := 'left out';
            RETURN NEXT;
            CONTINUE;
        END IF;
        IF place = 'pg_cron' THEN
            old := NULL;
            EXECUTE 'SELECT c.jobid, c.schedule, c.command, c.database, c.active FROM cron.job c WHERE c.jobname::text = $1 AND c.username = $2' INTO old USING part.job_name, acting.owner;
            IF old.schedule = part.schedule AND old.command = part.command AND old.database = current_database() THEN
                action := 'found';
                detail := CASE WHEN NOT old.active THEN 'not active' ELSE part.job_name END;
            ELSE
                EXECUTE format('SELECT cron.schedule(%L, %L, %L)', part.job_name, part.schedule, part.command);
                action := CASE WHEN old.jobid IS NULL THEN 'scheduled' ELSE 'changed' END;
                detail := part.job_name;
            END IF;
        ELSIF place = 'crontab' THEN
            action := 'crontab';
            detail := btwin._crontab_line(part.schedule, part.command, acting.owner);
        ELSE
            action := 'script';
            detail := format('SELECT cron.schedule_in_database(%L, %L, %L, %L, %L);', part.job_name, part.schedule, part.command, current_database(), acting.owner);
        END IF;
        INSERT INTO btwin.scheduled_job (job, schedule, command, job_name, scheduler, cron_database, owner)
        VALUES (part.job, part.schedule, part.command, part.job_name, place,
                CASE place WHEN 'pg_cron' THEN current_database() WHEN 'pg_cron elsewhere' THEN elsewhere END, acting.owner)
        ON CONFLICT (job) DO UPDATE
        SET schedule = excluded.schedule, command = excluded.command, job_name = excluded.job_name, scheduler = excluded.scheduler,
            cron_database = excluded.cron_database, owner = excluded.owner, scheduled_at = excluded.scheduled_at
        WHERE (scheduled_job.schedule, scheduled_job.command, scheduled_job.job_name, scheduled_job.scheduler, scheduled_job.cron_database, scheduled_job.owner)
              IS DISTINCT FROM (excluded.schedule, excluded.command, excluded.job_name, excluded.scheduler, excluded.cron_database, excluded.owner);
        RETURN NEXT;
    END LOOP;

    -- what is scheduled and not wanted any more
    FOR part IN SELECT s.* FROM btwin.scheduled_job s
                WHERE NOT EXISTS (SELECT FROM btwin._wanted_jobs() w WHERE w.job = s.job AND w.schedule IS NOT NULL AND w.hindrance IS NULL)
                ORDER BY s.job LOOP
        DELETE FROM btwin.scheduled_job s WHERE s.job = part.job;
        job := part.job;
        schedule := part.schedule;
        command := part.command;
        IF place = 'pg_cron elsewhere' THEN
            action := 'script';
            detail := format('SELECT cron.unschedule(jobid) FROM cron.job WHERE jobname = %L AND username = %L;', part.job_name, part.owner);
            RETURN NEXT;
        ELSIF place = 'crontab' THEN
            action := 'removed';
            detail := 'take its line out of the crontab';
            RETURN NEXT;
        END IF;
    END LOOP;
    -- and what another scheduler does now
    IF version IS NOT NULL AND has_schema_privilege('cron', 'USAGE') THEN
        FOR old IN EXECUTE 'SELECT c.jobid, c.jobname::text AS job_name, c.schedule, c.command FROM cron.job c WHERE c.database = current_database() AND c.username = current_user AND btwin._is_cron_job_name(current_database(), c.jobname::text) AND NOT EXISTS (SELECT FROM btwin.scheduled_job s WHERE s.job_name = c.jobname::text AND s.scheduler = ''pg_cron'') ORDER BY c.jobid' LOOP
            PERFORM btwin._remove_cron_job(old.jobid);
            job := split_part(old.job_name, '.', -1);
            schedule := old.schedule;
            command := old.command;
            action := 'removed';
            detail := old.job_name;
            RETURN NEXT;
        END LOOP;
    END IF;

    IF acting.owner <> caller THEN
        PERFORM set_config('role', previous_role, true);
    END IF;
END
$schedule_jobs$;
COMMENT ON FUNCTION btwin.schedule_jobs(jsonb, text, name, boolean) IS
'Schedules the jobs of btwin.job with pg_cron where this database has it, as the owner of what is attached, under names that begin with btwin_ and the name of the database. One row per job; action: scheduled, changed, found, removed (no longer wanted), left out (detail says why), granted. A second call finds all. Where pg_cron is in another database of the server (found by its setting, or named: cron_database) action is script, and detail the statement a superuser runs there; without pg_cron, or with scheduler => ''crontab'', action is crontab, and detail the line for the crontab. schedules: JSON object of job and schedule (five fields of numbers), null: not to be scheduled, "default": as btwin.job has it; kept for later calls. allow_superuser: schedules even where the owner is a superuser. Errors: TW001 before attach; 22023 for arguments; 42501 for a superuser''s jobs, a caller who may not act for the owner, or an owner who may not use schema cron; 55000 for an owner who may not log in, or no pg_cron; 0A000 for pg_cron before 1.3.';

CREATE FUNCTION btwin.unschedule_jobs(database name DEFAULT NULL)
RETURNS TABLE (job text, schedule text, command text, action text, detail text)
LANGUAGE plpgsql VOLATILE ROWS 60
SET search_path = pg_catalog, pg_temp
AS $unschedule_jobs$
#variable_conflict use_column
DECLARE
    caller          name := current_user;
    previous_role   text := current_setting('role');
    asked           name := coalesce(unschedule_jobs.database, current_database());
    is_here         boolean := asked = current_database();
    acting          record;
    part            record;
    n               bigint := 0;
BEGIN
    IF is_here AND btwin._job_owner() IS NOT NULL THEN
        acting := btwin._require_job_owner();
        -- a superuser removes those of whatever role
        IF NOT acting.is_super AND acting.owner <> caller THEN
            PERFORM set_config('role', acting.owner::text, true);
        END IF;
    END IF;
    IF btwin._cron_version() IS NOT NULL AND has_schema_privilege('cron', 'USAGE') THEN
        FOR part IN EXECUTE 'SELECT c.jobid, c.jobname::text AS job_name, c.schedule, c.command, c.username FROM cron.job c WHERE c.database = $1 AND btwin._is_cron_job_name($1, c.jobname::text) ORDER BY c.jobid' USING asked LOOP
            n := n + btwin._remove_cron_job(part.jobid);
            job := split_part(part.job_name, '.', -1);
            schedule := part.schedule;
            command := part.command;
            action := 'removed';
            detail := format('%s of role %I', part.job_name, part.username);
            RETURN NEXT;
        END LOOP;
        IF n > 0 THEN
            job := NULL;
            schedule := NULL;
            command := NULL;
            action := 'pruned';
            detail := format('%s rows of cron.job_run_details', n);
            RETURN NEXT;
        END IF;
    END IF;
    IF is_here AND to_regclass('btwin.scheduled_job') IS NOT NULL THEN
        FOR part IN WITH gone AS (DELETE FROM btwin.scheduled_job s RETURNING s.*) SELECT g.* FROM gone g WHERE g.scheduler <> 'pg_cron' ORDER BY g.job LOOP
            job := part.job;
            schedule := part.schedule;
            command := part.command;
            IF part.scheduler = 'crontab' THEN
                action := 'removed';
                detail := 'take its line out of the crontab';
            ELSE
                action := 'script';
                detail := format('SELECT cron.unschedule(jobid) FROM cron.job WHERE jobname = %L AND username = %L;', part.job_name, part.owner);
            END IF;
            RETURN NEXT;
        END LOOP;
    END IF;
    IF current_user <> caller THEN
        PERFORM set_config('role', previous_role, true);
    END IF;
END
$unschedule_jobs$;
COMMENT ON FUNCTION btwin.unschedule_jobs(name) IS
'Takes the jobs of this database out of pg_cron, with their rows in cron.job_run_details: one row per job (action removed) and one for the history (pruned). Of jobs that another database''s pg_cron or a crontab runs it returns the statement to run there (script) or says so (removed). A job that runs at that moment is cancelled. btwin.detach() calls it. database: removes the jobs of another database instead, such as one that was dropped, from the database where pg_cron is. A superuser removes jobs of all roles, others their own. Error 42501 where the caller may not act for the owner.';

-- Runs, as far as they are procedures of btwin: a row before, committed; the work;
-- how it ended, committed. A failure is raised to the scheduler afterwards.

CREATE FUNCTION btwin._lock_job(job text) RETURNS boolean
LANGUAGE sql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $lock_job$SELECT pg_try_advisory_xact_lock(hashtextextended('btwin.job.' || job, 0))$lock_job$;
COMMENT ON FUNCTION btwin._lock_job(text) IS
'Internal: true when nobody else runs this job; until the end of the transaction.';

CREATE FUNCTION btwin._begin_job(job text, part text DEFAULT NULL, part_of bigint DEFAULT NULL) RETURNS bigint
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $begin_job$
#variable_conflict use_column
DECLARE
    run_id bigint;
BEGIN
    IF part IS NULL THEN
        UPDATE btwin.job_run r SET outcome = 'abandoned', finished_at = clock_timestamp()
        WHERE r.job = _begin_job.job AND r.outcome = 'running';
    END IF;
    INSERT INTO btwin.job_run (job, part, part_of) VALUES (_begin_job.job, _begin_job.part, _begin_job.part_of) RETURNING job_run.run_id INTO run_id;
    RETURN run_id;
END
$begin_job$;
COMMENT ON FUNCTION btwin._begin_job(text, text, bigint) IS
'Internal: writes down that a run of a job, or of a part of it, begins. The caller holds the lock of the job.';

CREATE FUNCTION btwin._end_job(run_id bigint, outcome text, n bigint, message text) RETURNS boolean
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $end_job$
#variable_conflict use_column
BEGIN
    UPDATE btwin.job_run r
    SET outcome = _end_job.outcome, n = coalesce(_end_job.n, r.n), message = coalesce(_end_job.message, r.message), finished_at = clock_timestamp()
    WHERE r.run_id = _end_job.run_id;
    RETURN FOUND;
END
$end_job$;
COMMENT ON FUNCTION btwin._end_job(bigint, text, bigint, text) IS
'Internal: writes down how a run ended.';

CREATE FUNCTION btwin._skip_job(job text) RETURNS text
LANGUAGE sql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $skip_job$
INSERT INTO btwin.job_run (job, outcome, message, finished_at) VALUES (_skip_job.job, 'skipped', 'it was running already', clock_timestamp())
RETURNING 'skipped: job ' || _skip_job.job || ' is running'
$skip_job$;
COMMENT ON FUNCTION btwin._skip_job(text) IS
'Internal: writes down that a job was running already.';

-- A cancelled statement is written down as well; the caller then stops.
CREATE FUNCTION btwin._run_call(run_id bigint, call text, sample integer, keep_days integer, OUT error_code text, OUT message text)
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $run_call$
DECLARE
    counted bigint;
BEGIN
    EXECUTE call INTO counted, message USING sample, keep_days;
    IF message IS NOT NULL THEN
        error_code := 'P0001';
    END IF;
    PERFORM btwin._end_job(run_id, CASE WHEN message IS NULL THEN 'done' ELSE 'failed' END, counted, message);
EXCEPTION WHEN query_canceled OR OTHERS THEN
    error_code := sqlstate;
    message := sqlerrm;
    PERFORM btwin._end_job(run_id, 'failed', NULL, format('%s (%s)', message, error_code));
END
$run_call$;
COMMENT ON FUNCTION btwin._run_call(bigint, text, integer, integer) IS
'Internal: executes a query that returns one number and perhaps what failed, and writes down how the run ended; the error, if any, is its result.';

CREATE PROCEDURE btwin.run_job(job text, INOUT result text DEFAULT NULL)
LANGUAGE plpgsql
AS $run_job$
DECLARE
    query    pg_catalog.text;
    this_run pg_catalog.int8;
    problem  pg_catalog.record;
BEGIN
    PERFORM btwin.require_attached();
    SELECT j.call INTO query FROM btwin.job j WHERE j.job OPERATOR(pg_catalog.=) run_job.job;
    IF query IS NULL THEN
        RAISE EXCEPTION 'job "%" is not known, or is no matter of run_job', job
            USING ERRCODE = 'invalid_parameter_value', HINT = 'SELECT job FROM btwin.job WHERE call IS NOT NULL';
    END IF;
    IF NOT btwin._lock_job(job) THEN
        result := btwin._skip_job(job);
        RETURN;
    END IF;
    this_run := btwin._begin_job(job);
    COMMIT;
    -- between the two commits somebody else may have begun
    IF NOT btwin._lock_job(job) THEN
        PERFORM btwin._end_job(this_run, 'skipped', NULL, 'it was running already');
        result := pg_catalog.format('skipped: job %s is running', job);
        RETURN;
    END IF;
    problem := btwin._run_call(this_run, query, NULL, NULL);
    COMMIT;
    IF problem.error_code IS NOT NULL THEN
        RAISE EXCEPTION 'job % failed: %', job, problem.message USING ERRCODE = problem.error_code;
    END IF;
    SELECT pg_catalog.concat_ws(' ', 'done:', r.n) INTO result FROM btwin.job_run r WHERE r.run_id OPERATOR(pg_catalog.=) this_run;
END
$run_job$;
COMMENT ON PROCEDURE btwin.run_job(text, text) IS
'Runs a job of btwin.job that is one query, and keeps a row of it in btwin.job_run, also of a failure, which is raised again afterwards. One run at a time: result is "skipped" for a second caller. Commits, so it cannot be called within a transaction block. Errors: TW001 before attach, 22023 for a job that is not known, and whatever the job raises.';

-- The refresh within nightly: as the procedure refresh, but a fault is written down
-- and the other parts go on, and a procedure that commits knows no protected block.
CREATE FUNCTION btwin._nightly_refresh(run_id bigint, phase integer, refresh_id bigint, user_ids text[], INOUT closed_before timestamptz,
    OUT next_refresh_id bigint, OUT pending text[], OUT skipped boolean, OUT error_code text, OUT message text)
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $nightly_refresh$
#variable_conflict use_variable
BEGIN
    next_refresh_id := refresh_id;
    skipped := NOT pg_try_advisory_xact_lock(hashtextextended('btwin.refresh', 0));
    IF skipped THEN
        PERFORM btwin._end_job(run_id, 'skipped', NULL, 'a refresh was running');
        RETURN;
    END IF;
    IF phase = 0 THEN
        PERFORM btwin._take_clock();
    ELSIF phase = 1 THEN
        closed_before := btwin._closed_before();
        SELECT b.run_id, b.user_ids INTO next_refresh_id, pending FROM btwin._begin_refresh(closed_before) AS b;
    ELSIF phase = 2 THEN
        PERFORM btwin._refresh_batch(refresh_id, user_ids, closed_before);
    ELSE
        message := btwin._end_refresh(refresh_id);
        UPDATE btwin.job_run j SET outcome = r.outcome, n = r.learners_done, message = coalesce(r.error, _nightly_refresh.message), finished_at = clock_timestamp()
        FROM btwin.refresh_run r WHERE r.run_id = refresh_id AND j.run_id = _nightly_refresh.run_id;
        SELECT CASE WHEN r.outcome = 'failed' THEN '55000' END, r.error INTO error_code, message FROM btwin.refresh_run r WHERE r.run_id = refresh_id;
    END IF;
EXCEPTION WHEN query_canceled OR OTHERS THEN
    error_code := sqlstate;
    message := sqlerrm;
    UPDATE btwin.refresh_run r SET outcome = 'failed', error = coalesce(r.error, _nightly_refresh.message), finished_at = clock_timestamp() WHERE r.run_id = refresh_id;
    PERFORM btwin._end_job(run_id, 'failed', NULL, format('%s (%s)', message, error_code));
END
$nightly_refresh$;
COMMENT ON FUNCTION btwin._nightly_refresh(bigint, integer, bigint, text[], timestamptz) IS
'Internal: a phase of the refresh within nightly, in a transaction of its own: 0 takes the clock, 1 begins, 2 refreshes some learners, 3 ends.';

CREATE PROCEDURE btwin.nightly(sample integer DEFAULT 100, keep_days integer DEFAULT 90, INOUT result text DEFAULT NULL)
LANGUAGE plpgsql
AS $nightly$
DECLARE
    run_id  pg_catalog.int8;
    part_id pg_catalog.int8;
    part    pg_catalog.record;
    state   pg_catalog.record;
    pending pg_catalog.text[];
    place   pg_catalog.int4 := 1;
    failed  pg_catalog.text[] := '{}';
    first   pg_catalog.text;
    parts   pg_catalog.int4 := 1;
BEGIN
    PERFORM btwin.require_attached();
    IF sample IS NULL OR sample OPERATOR(pg_catalog.<) 1 OR keep_days IS NULL OR keep_days OPERATOR(pg_catalog.<) 1 THEN
        RAISE EXCEPTION 'sample and keep_days must be at least 1' USING ERRCODE = 'invalid_parameter_value',
            DETAIL = pg_catalog.format('Found are %s and %s.', coalesce(sample::pg_catalog.text, 'NULL'), coalesce(keep_days::pg_catalog.text, 'NULL'));
    END IF;
    IF NOT btwin._lock_job('nightly') THEN
        result := btwin._skip_job('nightly');
        RETURN;
    END IF;
    run_id := btwin._begin_job('nightly');
    part_id := btwin._begin_job('nightly', 'refresh', run_id);
    COMMIT;
    IF NOT btwin._lock_job('nightly') THEN
        PERFORM btwin._end_job(part_id, 'skipped', NULL, 'it was running already');
        PERFORM btwin._end_job(run_id, 'skipped', NULL, 'it was running already');
        result := 'skipped: job nightly is running';
        RETURN;
    END IF;

    state := btwin._nightly_refresh(part_id, 0, NULL, NULL, NULL);
    COMMIT;
    IF state.error_code IS NULL AND NOT state.skipped THEN
        PERFORM btwin._lock_job('nightly');
        state := btwin._nightly_refresh(part_id, 1, NULL, NULL, NULL);
        COMMIT;
        pending := state.pending;
    END IF;
    WHILE state.error_code IS NULL AND NOT state.skipped AND place OPERATOR(pg_catalog.<=) pg_catalog.cardinality(pending) LOOP
        PERFORM btwin._lock_job('nightly');
        state := btwin._nightly_refresh(part_id, 2, state.next_refresh_id, pending[place : place OPERATOR(pg_catalog.+) 49], state.closed_before);
        COMMIT;
        place := place OPERATOR(pg_catalog.+) 50;
    END LOOP;
    IF state.error_code IS NULL AND NOT state.skipped THEN
        PERFORM btwin._lock_job('nightly');
        state := btwin._nightly_refresh(part_id, 3, state.next_refresh_id, NULL, NULL);
        COMMIT;
    END IF;
    IF state.error_code IS NOT NULL THEN
        failed := failed OPERATOR(pg_catalog.||) pg_catalog.format('refresh: %s', state.message);
        first := state.error_code;
    END IF;

    FOR part IN SELECT p.part, p.call FROM btwin.nightly_part p ORDER BY p.position LOOP
        -- cancelled is cancelled
        EXIT WHEN first OPERATOR(pg_catalog.=) '57014';
        PERFORM btwin._lock_job('nightly');
        part_id := btwin._begin_job('nightly', part.part, run_id);
        COMMIT;
        PERFORM btwin._lock_job('nightly');
        state := btwin._run_call(part_id, part.call, sample, keep_days);
        COMMIT;
        parts := parts OPERATOR(pg_catalog.+) 1;
        IF state.error_code IS NOT NULL THEN
            failed := failed OPERATOR(pg_catalog.||) pg_catalog.format('%s: %s', part.part, state.message);
            first := CASE WHEN state.error_code OPERATOR(pg_catalog.=) '57014' THEN '57014' ELSE coalesce(first, state.error_code) END;
        END IF;
    END LOOP;

    result := pg_catalog.format('%s of %s parts done', parts OPERATOR(pg_catalog.-) pg_catalog.cardinality(failed), parts);
    PERFORM btwin._end_job(run_id, CASE WHEN first IS NULL THEN 'done' ELSE 'failed' END, NULL,
                           pg_catalog.array_to_string(result OPERATOR(pg_catalog.||) failed, '; '));
    COMMIT;
    IF first IS NOT NULL THEN
        RAISE EXCEPTION 'job nightly failed: %', pg_catalog.array_to_string(failed, '; ') USING ERRCODE = first;
    END IF;
END
$nightly$;
COMMENT ON PROCEDURE btwin.nightly(integer, integer, text) IS
'The job of the night: refreshes the store as btwin.refresh() does, then the parts of btwin.nightly_part: compares a sample of so many learners with the tables and notes what differs, so that the next refresh mends it, and removes records of runs older than keep_days. Each part commits and has its row in btwin.job_run; one that fails does not stop the others and is raised at the end. One run at a time: result is "skipped" for a second caller. It cannot be called within a transaction block. Errors: TW001 before attach, 22023 for arguments below 1, and what the first failing part raised.';

CREATE FUNCTION btwin._maintained_tables() RETURNS TABLE (relation oid, object text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $maintained_tables$
SELECT c.oid, format('%I.%I', n.nspname, c.relname)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'm')
  AND (n.nspname IN ('btwin', 'btwin_bi') AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
       OR EXISTS (SELECT FROM btwin.attached_object o WHERE o.kind = 'table' AND o.schema_name = n.nspname AND o.object_name = c.relname))
ORDER BY 2
$maintained_tables$;
COMMENT ON FUNCTION btwin._maintained_tables() IS
'Internal: the attached tables, the tables that attach made around them, and the materialized views of btwin_bi.';

CREATE FUNCTION btwin._analyze_table(run_id bigint, relation oid, object text, OUT error_code text, OUT message text)
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $analyze_table$
#variable_conflict use_variable
BEGIN
    -- dropped meanwhile is no fault
    IF to_regclass(object) IS NULL THEN
        RETURN;
    END IF;
    IF NOT (CASE WHEN current_setting('server_version_num')::integer >= 170000 THEN has_table_privilege(relation, 'MAINTAIN')
                 ELSE (SELECT pg_has_role(c.relowner, 'USAGE') FROM pg_class c WHERE c.oid = relation) END) THEN
        RAISE EXCEPTION 'table % belongs to role %', object, (SELECT pg_get_userbyid(c.relowner) FROM pg_class c WHERE c.oid = relation) USING ERRCODE = 'insufficient_privilege';
    END IF;
    -- whoever waited for the table here would deadlock with REINDEX CONCURRENTLY,
    -- which waits for its snapshot
    EXECUTE 'ANALYZE (SKIP_LOCKED) ' || object;
    UPDATE btwin.job_run r SET n = coalesce(r.n, 0) + 1 WHERE r.run_id = _analyze_table.run_id;
EXCEPTION WHEN query_canceled OR OTHERS THEN
    error_code := sqlstate;
    message := sqlerrm;
    UPDATE btwin.job_run r SET message = coalesce(r.message, format('%s: %s (%s)', object, _analyze_table.message, error_code)) WHERE r.run_id = _analyze_table.run_id;
END
$analyze_table$;
COMMENT ON FUNCTION btwin._analyze_table(bigint, oid, text) IS
'Internal: analyses a table and counts it; the error, if any, is its result.';

CREATE PROCEDURE btwin.analyze_tables(INOUT result text DEFAULT NULL)
LANGUAGE plpgsql
AS $analyze_tables$
DECLARE
    this_run pg_catalog.int8;
    part     pg_catalog.record;
    state    pg_catalog.record;
    first    pg_catalog.text;
    message  pg_catalog.text;
BEGIN
    PERFORM btwin.require_attached();
    IF NOT btwin._lock_job('analyze') THEN
        result := btwin._skip_job('analyze');
        RETURN;
    END IF;
    this_run := btwin._begin_job('analyze');
    COMMIT;
    IF NOT btwin._lock_job('analyze') THEN
        PERFORM btwin._end_job(this_run, 'skipped', NULL, 'it was running already');
        result := 'skipped: job analyze is running';
        RETURN;
    END IF;
    FOR part IN SELECT t.relation, t.object FROM btwin._maintained_tables() AS t LOOP
        PERFORM btwin._lock_job('analyze');
        state := btwin._analyze_table(this_run, part.relation, part.object);
        COMMIT;
        IF state.error_code IS NOT NULL THEN
            first := coalesce(first, state.error_code);
            message := coalesce(message, pg_catalog.format('%s: %s', part.object, state.message));
        END IF;
        EXIT WHEN state.error_code OPERATOR(pg_catalog.=) '57014';
    END LOOP;
    PERFORM btwin._end_job(this_run, CASE WHEN first IS NULL THEN 'done' ELSE 'failed' END, NULL, NULL);
    COMMIT;
    IF first IS NOT NULL THEN
        RAISE EXCEPTION 'job analyze failed: %', message USING ERRCODE = first;
    END IF;
    SELECT pg_catalog.format('done: %s tables', coalesce(r.n, 0)) INTO result FROM btwin.job_run r WHERE r.run_id OPERATOR(pg_catalog.=) this_run;
END
$analyze_tables$;
COMMENT ON PROCEDURE btwin.analyze_tables(text) IS
'Gathers statistics (ANALYZE) of the attached tables, the tables of the store and the materialized views of btwin_bi; partitioned tables too, which autovacuum never analyses. Each table is a transaction of its own; the run has a row in btwin.job_run. A table that fails, or that the caller may not analyse, does not stop the others and is raised at the end. It cannot be called within a transaction block. Error TW001 before attach.';

CREATE FUNCTION btwin.prune_history(keep_days integer DEFAULT 90) RETURNS bigint
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $prune_history$
DECLARE
    before  timestamptz;
    removed bigint := 0;
    n       bigint;
BEGIN
    PERFORM btwin.require_attached();
    IF keep_days IS NULL OR keep_days NOT BETWEEN 1 AND 36500 THEN
        RAISE EXCEPTION 'keep_days must be 1 to 36500, not %', coalesce(keep_days::text, 'NULL') USING ERRCODE = 'invalid_parameter_value';
    END IF;
    before := now() - make_interval(days => keep_days);
    -- the last run of each job and outcome stays, however old
    DELETE FROM btwin.job_run r
    WHERE r.started_at < before
      AND coalesce(r.part_of, r.run_id) NOT IN (SELECT max(l.run_id) FROM btwin.job_run l WHERE l.part_of IS NULL GROUP BY l.job, l.outcome);
    GET DIAGNOSTICS n = ROW_COUNT;
    removed := removed + n;
    DELETE FROM btwin.refresh_run r WHERE r.started_at < before AND r.run_id NOT IN (SELECT max(l.run_id) FROM btwin.refresh_run l GROUP BY l.outcome);
    GET DIAGNOSTICS n = ROW_COUNT;
    removed := removed + n;
    DELETE FROM btwin.bloat_check b WHERE b.checked_at < before AND b.checked_at < (SELECT max(l.checked_at) FROM btwin.bloat_check l);
    GET DIAGNOSTICS n = ROW_COUNT;
    removed := removed + n;
    removed := removed + btwin._prune_calls(30);
    DELETE FROM btwin.analysis_run r WHERE r.started_at < before AND r.run_id < (SELECT max(l.run_id) FROM btwin.analysis_run l);
    GET DIAGNOSTICS n = ROW_COUNT;
    removed := removed + n;
    IF btwin._cron_version() IS NOT NULL AND has_schema_privilege('cron', 'USAGE') THEN
        EXECUTE $delete$
            WITH ours AS MATERIALIZED (
                SELECT c.jobid FROM cron.job c WHERE c.database = current_database() AND btwin._is_cron_job_name(current_database(), c.jobname::text)
            )
            DELETE FROM cron.job_run_details d
            WHERE d.jobid IN (SELECT o.jobid FROM ours o) AND coalesce(d.end_time, d.start_time) < $1
              AND d.runid NOT IN (SELECT max(l.runid) FROM cron.job_run_details l WHERE l.jobid IN (SELECT o.jobid FROM ours o) GROUP BY l.jobid, l.status)
            $delete$ USING before;
        GET DIAGNOSTICS n = ROW_COUNT;
        removed := removed + n;
    END IF;
    RETURN removed;
END
$prune_history$;
COMMENT ON FUNCTION btwin.prune_history(integer) IS
'Removes records of runs older than so many days and returns how many: of btwin.job_run, btwin.refresh_run, btwin.analysis_run and btwin.bloat_check, answers of calls older than 30 days (btwin.api_call), and of cron.job_run_details those of the jobs of btwin in this database, no others. The last run of each job and outcome stays. A part of btwin.nightly(). Errors: TW001 before attach, 22023 for keep_days outside 1 to 36500.';

-- Bloat. The size an index would have built anew, from the rows and their widths
-- as the statistics know them: 8 bytes of head and 4 of line pointer for an entry,
-- pages less head and the 16 bytes of a b-tree. A b-tree keeps equal keys once, with six bytes for each
-- further row; how many keys there are is taken as if columns were independent,
-- which is too many rather than too few.
CREATE FUNCTION btwin._index_expected_bytes(index_id oid) RETURNS bigint
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $index_expected_bytes$
WITH part AS (
    SELECT c.reltuples::float8 AS n, k.position <= x.indnkeyatts AS is_key,
           CASE WHEN a.attlen > 0 THEN a.attlen::float8 ELSE s.avg_width + 1 END AS width,
           coalesce(s.null_frac, 0) AS null_frac,
           CASE WHEN s.n_distinct < 0 THEN -s.n_distinct * c.reltuples ELSE greatest(s.n_distinct, 1) END AS keys,
           -- values that are equal without being the same are kept apart
           x.indnatts = x.indnkeyatts AND NOT x.indisunique AND coalesce(a.atttypid NOT IN (SELECT t.oid FROM pg_type t WHERE t.typname IN ('float4', 'float8', 'numeric', 'jsonb')), true) AS folds,
           coalesce((SELECT o.option_value::float8 FROM pg_options_to_table(c.reloptions) o WHERE o.option_name = 'fillfactor'), 90) / 100 AS fill
    FROM pg_index x
    JOIN pg_class c ON c.oid = x.indexrelid
    JOIN pg_class t ON t.oid = x.indrelid
    CROSS JOIN LATERAL unnest(x.indkey::int2[]) WITH ORDINALITY AS k (attnum, position)
    JOIN pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = k.attnum
    LEFT JOIN pg_stats s ON s.schemaname = (SELECT n.nspname FROM pg_namespace n WHERE n.oid = t.relnamespace) AND s.tablename = t.relname AND s.attname = a.attname AND NOT s.inherited
    WHERE x.indexrelid = index_id AND c.reltuples >= 0 AND x.indexprs IS NULL
), whole AS (
    SELECT min(p.n) AS n, min(p.fill) AS fill, bool_and(p.folds) AS folds,
           -- header, values, alignment; NULL where a width is not known
           CASE WHEN count(p.width) = count(*) THEN 8 * ceil((8 + sum(p.width * (1 - p.null_frac)) + max(CASE WHEN p.null_frac > 0 THEN 8 ELSE 0 END)) / 8) + 4 END AS tuple,
           least(min(p.n), exp(sum(ln(greatest(p.keys, 1))) FILTER (WHERE p.is_key))) AS keys
    FROM part p
)
SELECT (current_setting('block_size')::integer * (1 + ceil(CASE WHEN w.folds THEN w.keys * w.tuple + (w.n - w.keys) * 6 ELSE w.n * w.tuple END / ((current_setting('block_size')::integer - 40) * w.fill))))::bigint
FROM whole w WHERE w.n IS NOT NULL
$index_expected_bytes$;
COMMENT ON FUNCTION btwin._index_expected_bytes(oid) IS
'Internal: bytes that a b-tree would have if it were built anew, estimated from statistics; NULL where they do not say.';

-- An estimate compares the pages there are with those that the rows need by their
-- statistics: 24 bytes of head and 4 of line pointer for a row, everything aligned
-- to 8 bytes, pages filled as the fill factor says.
CREATE FUNCTION btwin._estimated_bloat(relation oid) RETURNS double precision
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $estimated_bloat$
WITH this AS (
    SELECT c.oid, c.relname, c.relnamespace, c.relkind, c.reltuples, pg_relation_size(c.oid) / current_setting('block_size')::integer AS pages,
           coalesce((SELECT o.option_value::integer FROM pg_options_to_table(c.reloptions) o WHERE o.option_name = 'fillfactor'), 100) AS fill
    FROM pg_class c WHERE c.oid = relation
), expected AS (
    SELECT t.*,
           CASE WHEN t.relkind = 'i' THEN btwin._index_expected_bytes(t.oid)::double precision / current_setting('block_size')::integer
                WHEN t.reltuples >= 0
                THEN (SELECT CASE WHEN bool_and(s.avg_width IS NOT NULL)
                                  THEN ceil(t.reltuples * (28 + 8 * ceil(sum(s.avg_width * (1 - s.null_frac)) / 8))
                                            / ((current_setting('block_size')::integer - 24) * t.fill / 100.0)) END
                      FROM pg_attribute a
                      LEFT JOIN pg_stats s ON s.schemaname = (SELECT n.nspname FROM pg_namespace n WHERE n.oid = t.relnamespace)
                                          AND s.tablename = t.relname AND s.attname = a.attname AND NOT s.inherited
                      WHERE a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped) END AS wanted
    FROM this t
)
SELECT CASE WHEN e.pages <= CASE WHEN e.relkind = 'i' THEN 2 ELSE 1 END THEN 0
            WHEN e.reltuples = 0 THEN 1
            WHEN e.wanted IS NOT NULL THEN greatest(0, 1 - e.wanted / e.pages) END
FROM expected e
$estimated_bloat$;
COMMENT ON FUNCTION btwin._estimated_bloat(oid) IS
'Internal: share of a table or b-tree that a rewrite would give back, from statistics; NULL where there are none.';

CREATE FUNCTION btwin._measured_bloat(relation oid, kind "char") RETURNS double precision
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $measured_bloat$
DECLARE
    place name := (SELECT n.nspname FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'pgstattuple');
    call  text := CASE WHEN kind = 'i' THEN 'pgstatindex' ELSE 'pgstattuple_approx' END;
    ratio double precision;
BEGIN
    IF place IS NULL OR NOT has_schema_privilege(place, 'USAGE') OR NOT has_function_privilege(to_regprocedure(format('%I.%s(regclass)', place, call)), 'EXECUTE') THEN
        RETURN NULL;
    END IF;
    IF kind = 'i' THEN
        -- a leaf that is as full as its fill factor is not bloated; an empty index has no density
        EXECUTE format('SELECT CASE WHEN s.avg_leaf_density > 0 THEN greatest(0, 1 - s.avg_leaf_density / $2) ELSE 0 END FROM %I.pgstatindex($1::regclass) s', place) INTO ratio
        USING relation, coalesce((SELECT o.option_value::double precision FROM pg_class c, pg_options_to_table(c.reloptions) o WHERE c.oid = relation AND o.option_name = 'fillfactor'), 90);
    ELSE
        EXECUTE format('SELECT (s.dead_tuple_percent + s.approx_free_percent) / 100 FROM %I.pgstattuple_approx($1::regclass) s', place) INTO ratio USING relation;
    END IF;
    RETURN least(1, greatest(0, ratio));
END
$measured_bloat$;
COMMENT ON FUNCTION btwin._measured_bloat(oid, "char") IS
'Internal: share of a table or b-tree that a rewrite would give back, measured by pgstattuple; NULL where that is not installed, or not for this role.';

CREATE FUNCTION btwin.check_bloat() RETURNS bigint
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $check_bloat$
#variable_conflict use_column
DECLARE
    moment  timestamptz := clock_timestamp();
    part    record;
    ratio   double precision;
    way     text;
    n       bigint := 0;
BEGIN
    PERFORM btwin.require_attached();
    FOR part IN
        WITH held AS (
            -- a partitioned table has no pages of its own
            SELECT t.relation FROM btwin._maintained_tables() t
            UNION
            SELECT p.relid FROM btwin._maintained_tables() t CROSS JOIN LATERAL pg_partition_tree(t.relation) p WHERE p.isleaf
        )
        SELECT c.oid, format('%I.%I', s.nspname, c.relname) AS object, c.relkind, pg_relation_size(c.oid) AS size_bytes, nullif(c.reltuples, -1) AS n_rows
        FROM pg_class c JOIN pg_namespace s ON s.oid = c.relnamespace
        LEFT JOIN pg_index x ON x.indexrelid = c.oid
        LEFT JOIN pg_am m ON m.oid = c.relam
        WHERE coalesce(x.indrelid, c.oid) IN (SELECT h.relation FROM held h)
          AND (c.relkind IN ('r', 'm') OR c.relkind = 'i' AND m.amname = 'btree' AND x.indisvalid)
        ORDER BY 2
    LOOP
        ratio := btwin._measured_bloat(part.oid, part.relkind);
        way := CASE WHEN ratio IS NULL THEN 'estimate' ELSE 'pgstattuple' END;
        ratio := coalesce(ratio, btwin._estimated_bloat(part.oid));
        INSERT INTO btwin.bloat_check (checked_at, object, kind, size_bytes, n_rows, bloat_ratio, bloat_bytes, method)
        VALUES (moment, part.object, CASE WHEN part.relkind = 'i' THEN 'index' ELSE 'table' END, part.size_bytes, part.n_rows, ratio, floor(ratio * part.size_bytes), way);
        n := n + 1;
    END LOOP;
    RETURN n;
END
$check_bloat$;
COMMENT ON FUNCTION btwin.check_bloat() IS
'Measures how much of each attached table, of the store and of their b-trees a rewrite would give back, and writes it into btwin.bloat_check: by pgstattuple where that extension is here and the caller may execute it (role pg_stat_scan_tables), which reads the indexes whole; else as an estimate from statistics. Result: number of tables and indexes. Error TW001 before attach.';

-- Health

CREATE FUNCTION btwin._cron_jobs()
RETURNS TABLE (jobid bigint, job_name text, job text, schedule text, command text, database text, owner text, active boolean, is_gone boolean)
LANGUAGE plpgsql STABLE ROWS 60
SET search_path = pg_catalog, pg_temp
AS $cron_jobs$
BEGIN
    IF btwin._cron_version() IS NULL OR NOT has_schema_privilege('cron', 'USAGE') THEN
        RETURN;
    END IF;
    RETURN QUERY EXECUTE $query$
        SELECT c.jobid, c.jobname::text, split_part(c.jobname::text, '.', -1), c.schedule, c.command, c.database, c.username, c.active, d.oid IS NULL
        FROM cron.job c LEFT JOIN pg_database d ON d.datname = c.database
        WHERE CASE WHEN d.oid IS NULL THEN starts_with(c.jobname::text, 'btwin_')
                   ELSE c.database = current_database() AND btwin._is_cron_job_name(current_database(), c.jobname::text) END
        $query$;
END
$cron_jobs$;
COMMENT ON FUNCTION btwin._cron_jobs() IS
'Internal: jobs of btwin that pg_cron in this database has, as far as the role sees them: of this database, and of databases that are gone.';

CREATE FUNCTION btwin._cron_runs()
RETURNS TABLE (jobid bigint, started_at timestamptz, finished_at timestamptz, outcome text, message text)
LANGUAGE plpgsql STABLE ROWS 1000
SET search_path = pg_catalog, pg_temp
AS $cron_runs$
BEGIN
    IF btwin._cron_version() IS NULL OR NOT has_schema_privilege('cron', 'USAGE') THEN
        RETURN;
    END IF;
    RETURN QUERY EXECUTE $query$
        SELECT d.jobid, coalesce(d.start_time, d.end_time), d.end_time,
               CASE d.status WHEN 'succeeded' THEN 'done' WHEN 'failed' THEN 'failed' ELSE 'running' END, d.return_message
        FROM cron.job_run_details d
        WHERE d.jobid IN (SELECT j.jobid FROM btwin._cron_jobs() j) AND coalesce(d.start_time, d.end_time) IS NOT NULL
        $query$;
END
$cron_runs$;
COMMENT ON FUNCTION btwin._cron_runs() IS
'Internal: runs of the jobs of btwin as pg_cron recorded them.';

CREATE FUNCTION btwin._own_runs()
RETURNS TABLE (job text, started_at timestamptz, finished_at timestamptz, outcome text, message text)
LANGUAGE plpgsql STABLE ROWS 1000
SET search_path = pg_catalog, pg_temp
AS $own_runs$
BEGIN
    IF to_regclass('btwin.job_run') IS NOT NULL THEN
        RETURN QUERY
        SELECT r.job, r.started_at, r.finished_at,
               CASE WHEN r.outcome = 'running' AND NOT EXISTS (SELECT FROM pg_stat_activity a WHERE a.pid = r.pid) THEN 'abandoned' ELSE r.outcome END, r.message
        FROM btwin.job_run r WHERE r.part_of IS NULL;
    END IF;
    IF to_regclass('btwin.refresh_run') IS NOT NULL THEN
        RETURN QUERY
        SELECT 'refresh', r.started_at, r.finished_at, r.outcome, r.error FROM btwin.refresh_run r;
    END IF;
END
$own_runs$;
COMMENT ON FUNCTION btwin._own_runs() IS
'Internal: runs of jobs as btwin recorded them, whoever started them.';

CREATE FUNCTION btwin._handed_jobs()
RETURNS TABLE (job text, schedule text, command text, job_name text, scheduler text, owner text, scheduled_at timestamptz)
LANGUAGE plpgsql STABLE ROWS 60
SET search_path = pg_catalog, pg_temp
AS $handed_jobs$
BEGIN
    IF to_regclass('btwin.scheduled_job') IS NOT NULL THEN
        RETURN QUERY
        SELECT s.job, s.schedule, s.command, s.job_name, s.scheduler, s.owner, s.scheduled_at FROM btwin.scheduled_job s;
    END IF;
END
$handed_jobs$;
COMMENT ON FUNCTION btwin._handed_jobs() IS
'Internal: the rows of btwin.scheduled_job; none before attach.';

CREATE FUNCTION btwin.job_health()
RETURNS TABLE (job text, schedule text, command text, owner text, scheduler text, is_scheduled boolean, is_active boolean,
               last_run timestamptz, last_result text, message text, last_success timestamptz, lag_seconds bigint, period_seconds bigint, is_overdue boolean,
               consecutive_failures bigint, next_run timestamptz, is_orphaned boolean, job_name text, database text)
LANGUAGE plpgsql STABLE ROWS 60
SET search_path = pg_catalog, pg_temp
SET jit = off
AS $job_health$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH cron AS MATERIALIZED (
        SELECT c.* FROM btwin._cron_jobs() c
    ), wanted AS MATERIALIZED (
        SELECT w.* FROM btwin._wanted_jobs() w WHERE w.schedule IS NOT NULL AND w.hindrance IS NULL
    ), handed AS MATERIALIZED (
        SELECT h.*, h.scheduler <> 'pg_cron' AND btwin._is_cron_job_name(current_database(), h.job_name) AS is_elsewhere FROM btwin._handed_jobs() h
    ), listed AS (
        -- what pg_cron has, and what was handed to it or to others
        SELECT coalesce(c.job, h.job) AS job, coalesce(c.schedule, h.schedule) AS schedule, coalesce(c.command, h.command) AS command,
               coalesce(c.owner, h.owner) AS owner, CASE WHEN c.jobid IS NOT NULL THEN 'pg_cron' ELSE h.scheduler END AS scheduler,
               c.jobid, h.scheduled_at,
               -- pg_cron here has it, or somebody was asked to have it; not for the
               -- database that this one was copied from
               c.jobid IS NOT NULL OR h.is_elsewhere AS is_scheduled,
               coalesce(c.active, h.is_elsewhere) AS is_active,
               c.jobid IS NOT NULL AND (c.is_gone OR h.job IS NULL OR NOT EXISTS (SELECT FROM wanted w WHERE w.job = h.job)) AS is_orphaned,
               coalesce(c.job_name, h.job_name) AS job_name, coalesce(c.database, current_database()) AS database, coalesce(c.is_gone, false) AS is_gone
        FROM cron c FULL JOIN handed h ON h.job_name = c.job_name AND h.owner = c.owner AND NOT c.is_gone
        UNION ALL
        -- and what nobody does; of a kind with many jobs only those above
        SELECT w.job, w.schedule, w.command, btwin._job_owner(), NULL, NULL, NULL, false, false, false, NULL, current_database(), false
        FROM wanted w JOIN btwin.job j ON j.job = w.job
        WHERE NOT EXISTS (SELECT FROM handed h WHERE h.job = w.job)
    ), own AS MATERIALIZED (
        SELECT o.* FROM btwin._own_runs() o
    ), seen AS MATERIALIZED (
        SELECT r.*, c.job, c.is_gone FROM btwin._cron_runs() r JOIN cron c ON c.jobid = r.jobid
    ), run AS MATERIALIZED (
        SELECT l.job_name, l.owner, l.job, o.started_at, o.finished_at, o.outcome, o.message
        FROM own o JOIN listed l ON l.job = o.job AND NOT l.is_gone
        UNION ALL
        -- the record of btwin knows more of the same run
        SELECT c.job_name, c.owner, c.job, s.started_at, s.finished_at, s.outcome, s.message
        FROM seen s JOIN cron c ON c.jobid = s.jobid
        WHERE s.is_gone
           OR NOT EXISTS (SELECT FROM own o WHERE o.job = s.job AND o.started_at >= s.started_at AND o.started_at <= coalesce(s.finished_at, 'infinity')
                                              AND (o.outcome <> 'done' OR s.outcome <> 'failed'))
    )
    SELECT l.job, l.schedule, l.command, l.owner::text, l.scheduler, l.is_scheduled, l.is_active,
           r.last_run, r.last_result, r.message, r.last_success,
           g.lag, t.period,
           l.is_scheduled AND l.is_active AND coalesce(g.lag > 2 * t.period + 60, false),
           coalesce(r.failures, 0), CASE WHEN l.is_active THEN t.next_run END, l.is_orphaned, l.job_name, l.database::text
    FROM listed l
    LEFT JOIN LATERAL (
        SELECT e.last_run, e.last_result, e.message, e.last_success, e.failures
        FROM (SELECT e.job, e.job_name, e.owner, max(e.started_at) AS last_run, (array_agg(e.outcome ORDER BY e.started_at DESC))[1] AS last_result,
                     (array_agg(e.message ORDER BY e.started_at DESC))[1] AS message, max(e.last_success) AS last_success,
                     count(*) FILTER (WHERE e.outcome IN ('failed', 'abandoned') AND e.started_at > coalesce(e.last_success, '-infinity')) AS failures
              FROM (SELECT r.*, max(r.started_at) FILTER (WHERE r.outcome = 'done') OVER (PARTITION BY r.job, r.job_name, r.owner) AS last_success FROM run r) AS e
              GROUP BY e.job, e.job_name, e.owner) AS e
        WHERE e.job = l.job AND e.job_name IS NOT DISTINCT FROM l.job_name AND e.owner = l.owner
    ) AS r ON true
    CROSS JOIN LATERAL (SELECT btwin._cron_time_zone(l.scheduler) AS zone) AS z
    LEFT JOIN LATERAL (
        SELECT n.next_run, round(extract(epoch FROM btwin._cron_next(l.schedule, n.next_run, z.zone) - n.next_run))::bigint AS period
        FROM (SELECT btwin._cron_next(l.schedule, now(), z.zone) OFFSET 0) AS n (next_run)
    ) AS t ON true
    -- of a statement by itself nobody but pg_cron here keeps a record
    LEFT JOIN LATERAL (
        SELECT round(extract(epoch FROM now() - coalesce(r.last_success, l.scheduled_at)))::bigint AS lag
        WHERE r.last_run IS NOT NULL OR EXISTS (SELECT FROM btwin.job j WHERE j.job = l.job) OR EXISTS (SELECT FROM seen)
    ) AS g ON true
    ORDER BY (SELECT j.position FROM btwin.job j WHERE j.job = l.job), l.job, l.job_name;
END
$job_health$;
COMMENT ON FUNCTION btwin.job_health() IS
'The rows of the view btwin.job_health.';

CREATE VIEW btwin.job_health WITH (security_invoker = true) AS
SELECT h.job, h.schedule, h.command, h.owner, h.scheduler, h.is_scheduled, h.is_active, h.last_run, h.last_result, h.message, h.last_success,
       h.lag_seconds, h.period_seconds, h.is_overdue, h.consecutive_failures, h.next_run, h.is_orphaned, h.job_name, h.database
FROM btwin.job_health() AS h;
COMMENT ON VIEW btwin.job_health IS
'How the jobs are: one row per job that is or could be scheduled, from the records of pg_cron where it is in this database and from those of btwin. Jobs of databases that are gone are listed too. It shows what the reader may see: the owner of the jobs and superusers see all';
COMMENT ON COLUMN btwin.job_health.job IS 'Job, see btwin.job; reindex_... for each table and index that is rebuilt';
COMMENT ON COLUMN btwin.job_health.schedule IS 'Schedule, as pg_cron has it';
COMMENT ON COLUMN btwin.job_health.command IS 'Statement';
COMMENT ON COLUMN btwin.job_health.owner IS 'Role that runs it';
COMMENT ON COLUMN btwin.job_health.scheduler IS 'pg_cron, pg_cron elsewhere (in another database of the server) or crontab; NULL: it was handed to nobody';
COMMENT ON COLUMN btwin.job_health.is_scheduled IS 'pg_cron in this database has the job, or another scheduler was given it';
COMMENT ON COLUMN btwin.job_health.is_active IS 'False: pg_cron was told to let it rest, or it is not scheduled';
COMMENT ON COLUMN btwin.job_health.last_run IS 'Start of the last run, whoever started it; NULL: none is known';
COMMENT ON COLUMN btwin.job_health.last_result IS 'done, failed, running, skipped (it was running already), abandoned (its process is gone)';
COMMENT ON COLUMN btwin.job_health.message IS 'What the last run said';
COMMENT ON COLUMN btwin.job_health.last_success IS 'Start of the last run that ended well';
COMMENT ON COLUMN btwin.job_health.lag_seconds IS 'Seconds since the start of the last run that ended well, before the first one since it was scheduled; NULL: nobody keeps a record of its runs here';
COMMENT ON COLUMN btwin.job_health.period_seconds IS 'Seconds between the next two runs; NULL: the schedule has no form that btwin reads';
COMMENT ON COLUMN btwin.job_health.is_overdue IS 'It is scheduled and active, and no run ended well for two periods and a minute';
COMMENT ON COLUMN btwin.job_health.consecutive_failures IS 'Runs that failed or were abandoned since the last one that ended well';
COMMENT ON COLUMN btwin.job_health.next_run IS 'When the schedule comes true next: GMT with pg_cron before 1.5, later cron.timezone, for crontab the zone of log_timezone; NULL: never, not active, or not readable';
COMMENT ON COLUMN btwin.job_health.is_orphaned IS 'pg_cron runs it, but its database is gone, its table or index is gone, or btwin did not schedule it: btwin.unschedule_jobs(database) removes it';
COMMENT ON COLUMN btwin.job_health.job_name IS 'Name in pg_cron';
COMMENT ON COLUMN btwin.job_health.database IS 'Database it works in';
GRANT SELECT ON btwin.job_health TO PUBLIC;
