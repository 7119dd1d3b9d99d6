-- Jobs without pg_cron: what is to be run where, how schedules are read, what runs
-- leave behind, and how it looks in job_health. test/t/cron.pl has a real pg_cron.
\set QUIET on
SET client_min_messages = error;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS btwin;
SELECT plan(115);

-- Before attach
SELECT throws_ok('SELECT * FROM btwin.schedule_jobs()', 'TW001', NULL, 'schedule_jobs before attach: TW001');
SELECT throws_ok('CALL btwin.nightly()', 'TW001', NULL, 'nightly before attach: TW001');
SELECT throws_ok('CALL btwin.analyze_tables()', 'TW001', NULL, 'analyze_tables before attach: TW001');
SELECT throws_ok($$CALL btwin.run_job('bloat')$$, 'TW001', NULL, 'run_job before attach: TW001');
SELECT throws_ok('SELECT btwin.check_bloat()', 'TW001', NULL, 'check_bloat before attach: TW001');
SELECT throws_ok('SELECT btwin.prune_history()', 'TW001', NULL, 'prune_history before attach: TW001');
SELECT is_empty('SELECT * FROM btwin.job_health', 'job_health before attach: nothing, no error');
SELECT is_empty('SELECT * FROM btwin.unschedule_jobs()', 'unschedule_jobs before attach: nothing, no error');

-- Schedules. 2026-03-01 is a Sunday; in Berlin the clock goes from 2 to 3 in the
-- night to Sunday 2026-03-29.
SELECT is(btwin._cron_next(s.schedule, s.after::timestamptz, s.zone), s.expected::timestamptz, format('%s after %s in %s', s.schedule, s.after, s.zone))
FROM (VALUES
    ('*/5 * * * *',     '2026-03-01 00:00Z',    'UTC',  '2026-03-01 00:05Z'),       -- strictly after
    ('*/5 * * * *',     '2026-03-01 00:04:59Z', 'UTC',  '2026-03-01 00:05Z'),
    ('10 * * * *',      '2026-03-01 23:10Z',    'UTC',  '2026-03-02 00:10Z'),       -- over midnight
    ('0 2 * * *',       '2026-12-31 02:00Z',    'UTC',  '2027-01-01 02:00Z'),       -- over a year's end
    ('0 3 * * 0',       '2026-03-01 03:00Z',    'UTC',  '2026-03-08 03:00Z'),
    ('0 3 * * 7',       '2026-03-01 02:59Z',    'UTC',  '2026-03-01 03:00Z'),       -- 7 is Sunday too
    ('0 5 1 * *',       '2026-03-01 05:00Z',    'UTC',  '2026-04-01 05:00Z'),
    ('0 0 29 2 *',      '2026-03-01 00:00Z',    'UTC',  '2028-02-29 00:00Z'),
    ('0 0 13 * 5',      '2026-03-01 00:00Z',    'UTC',  '2026-03-06 00:00Z'),       -- the 13th or a Friday
    ('0 0 */2 * 5',     '2026-03-01 00:00Z',    'UTC',  '2026-03-13 00:00Z'),       -- a Friday that is odd: 6 is not, 13 is
    ('15,45 8-17/3 * 6-8 1-5', '2026-03-01 00:00Z', 'UTC', '2026-06-01 08:15Z'),    -- 1 June 2026 is a Monday
    ('5/20 * * * *',    '2026-03-01 00:25Z',    'UTC',  '2026-03-01 00:45Z'),       -- 5, 25, 45
    ('0 2 * * *',       '2026-03-27 12:00Z',    'Europe/Berlin', '2026-03-28 01:00Z'), -- winter time
    ('0 4 * * *',       '2026-03-28 12:00Z',    'Europe/Berlin', '2026-03-29 02:00Z'), -- summer time
    ('30 seconds',      '2026-03-01 00:00Z',    'UTC',  '2026-03-01 00:00:30Z'),
    ('0 0 31 2 *',      '2026-03-01 00:00Z',    'UTC',  NULL),                      -- never
    ('0 0 * * *  *',    '2026-03-01 00:00Z',    'UTC',  NULL),                      -- six fields
    ('60 * * * *',      '2026-03-01 00:00Z',    'UTC',  NULL),
    ('* 24 * * *',      '2026-03-01 00:00Z',    'UTC',  NULL),
    ('* * 0 * *',       '2026-03-01 00:00Z',    'UTC',  NULL),
    ('* * * 13 *',      '2026-03-01 00:00Z',    'UTC',  NULL),
    ('* * * * 8',       '2026-03-01 00:00Z',    'UTC',  NULL),
    ('*/0 * * * *',     '2026-03-01 00:00Z',    'UTC',  NULL),
    ('9-3 * * * *',     '2026-03-01 00:00Z',    'UTC',  NULL),
    ('@hourly',         '2026-03-01 00:00Z',    'UTC',  NULL)
) AS s (schedule, after, zone, expected);

-- Names: told apart in a server with many databases, at most 63 bytes
SELECT is(btwin._cron_job_name('a', 'refresh'), 'btwin_a.refresh', 'the name of a job holds the database');
SELECT ok(NOT btwin._is_cron_job_name('a', btwin._cron_job_name('a.b', 'refresh')) AND NOT btwin._is_cron_job_name('a_b', btwin._cron_job_name('a', 'refresh'))
          AND btwin._is_cron_job_name('a.b', btwin._cron_job_name('a.b', 'refresh')), 'those of other databases are not ours');
SELECT ok(octet_length(n) <= 63 AND btwin._is_cron_job_name(d, n) AND n LIKE '%.refresh', 'a long database: ' || n)
FROM (SELECT repeat('ü', 31)::name) AS x (d), LATERAL (SELECT btwin._cron_job_name(d, 'refresh')) AS y (n);
SELECT ok(octet_length(n) <= 63 AND n <> btwin._cron_job_name('a', repeat('x', 59) || 'z'), 'long jobs stay apart')
FROM btwin._cron_job_name('a', repeat('x', 60)) AS n;

-- Attach makes the tables; jobs of an ordinary owner
CREATE ROLE regress_job_owner LOGIN;
CREATE ROLE regress_job_stranger;
CREATE SCHEMA app AUTHORIZATION regress_job_owner;
SELECT is((SELECT string_agg(object, ' ' ORDER BY object) FROM btwin.attach('app', owner => 'regress_job_owner') WHERE kind = 'jobs' AND action = 'created'),
          'btwin.bloat_check btwin.job_run btwin.job_setting btwin.scheduled_job', 'attach makes the tables of the jobs');
SELECT throws_ok($$SELECT * FROM btwin.schedule_jobs(cron_database => current_database())$$, '55000', NULL, 'pg_cron is asked for and not there');
SELECT throws_ok($$SELECT * FROM btwin.schedule_jobs(scheduler => 'at')$$, '22023', NULL, 'another scheduler');
SELECT throws_ok($$SELECT * FROM btwin.schedule_jobs('[]')$$, '22023', NULL, 'schedules that are no object');
SELECT throws_ok($$SELECT * FROM btwin.schedule_jobs('{"refreshed": null}')$$, '22023', 'job "refreshed" is not known', 'a job that is not known');
SELECT throws_ok($$SELECT * FROM btwin.schedule_jobs('{"refresh": "often"}')$$, '22023', 'the schedule of job "refresh" cannot be read: "often"', 'a schedule that cannot be read');
SELECT throws_ok($$SELECT * FROM btwin.schedule_jobs(allow_superuser => NULL)$$, '22004', NULL, 'NULL for allow_superuser');
GRANT USAGE ON SCHEMA btwin TO regress_job_stranger;
SET ROLE regress_job_stranger;
SELECT throws_ok('SELECT * FROM btwin.schedule_jobs()', '42501', 'role "regress_job_stranger" may not change jobs of role "regress_job_owner"', 'a stranger schedules nothing');
SELECT throws_ok('SELECT * FROM btwin.unschedule_jobs()', '42501', NULL, 'and unschedules nothing');
RESET ROLE;
ALTER ROLE regress_job_owner NOLOGIN;
SELECT throws_ok('SELECT * FROM btwin.schedule_jobs()', '55000', 'jobs would run as role "regress_job_owner", which may not log in', 'a role that may not log in');
ALTER ROLE regress_job_owner LOGIN SUPERUSER;
SELECT throws_ok('SELECT * FROM btwin.schedule_jobs()', '42501', 'jobs would run as the superuser "regress_job_owner"', 'never as a superuser');
SELECT lives_ok('SELECT * FROM btwin.schedule_jobs(allow_superuser => true)', 'unless asked for');
ALTER ROLE regress_job_owner NOSUPERUSER;

SELECT results_eq($$SELECT job, schedule, action, detail FROM btwin.schedule_jobs(scheduler => 'crontab') WHERE job NOT LIKE 'reindex%' AND job <> 'bi'$$,
    format($$VALUES ('refresh', '*/5 * * * *', 'crontab', '*/5 * * * * psql -X -q -d ''dbname=''\''''%1$s''\'''' user=''\''''regress_job_owner''\'''''' -c ''CALL btwin.refresh()'''),
                    ('nightly', '0 2 * * *', 'crontab', '0 2 * * * psql -X -q -d ''dbname=''\''''%1$s''\'''' user=''\''''regress_job_owner''\'''''' -c ''CALL btwin.nightly()'''),
                    ('analysis', '30 2 * * *', 'crontab', '30 2 * * * psql -X -q -d ''dbname=''\''''%1$s''\'''' user=''\''''regress_job_owner''\'''''' -c ''CALL btwin.analyze_all()'''),
                    ('analyze', '30 4 * * *', 'crontab', '30 4 * * * psql -X -q -d ''dbname=''\''''%1$s''\'''' user=''\''''regress_job_owner''\'''''' -c ''CALL btwin.analyze_tables()'''),
                    ('bloat', '0 5 1 * *', 'crontab', '0 5 1 * * psql -X -q -d ''dbname=''\''''%1$s''\'''' user=''\''''regress_job_owner''\'''''' -c ''CALL btwin.run_job(''\''''bloat''\'''')''')$$, current_database()),
    'without pg_cron: a line of the crontab for each job');
SELECT is(btwin._crontab_line('* * * * *', 'SELECT 5 % 2', 'o''x'), format('* * * * * psql -X -q -d ''dbname=''\''''%s''\'''' user=''\''''o\''\''''x''\'''''' -c ''SELECT 5 \%% 2''', current_database()),
          'quotes and percent signs reach psql as they are');
SELECT is((SELECT count(*) FROM btwin.schedule_jobs() WHERE job LIKE 'reindex%' AND command ~ '^REINDEX TABLE CONCURRENTLY (app|btwin)\.\w+$'),
          (SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
           WHERE c.relkind = 'r' AND c.relhasindex AND (n.nspname = 'app' OR n.nspname = 'btwin' AND pg_get_userbyid(c.relowner) = 'regress_job_owner')),
          'one REINDEX for each table that attach made');
SELECT is_empty($$SELECT job, count(*) FROM btwin._wanted_jobs() GROUP BY job HAVING count(*) > 1$$, 'no two jobs have one name');

-- In another database of the server
SELECT results_eq($$SELECT action, detail FROM btwin.schedule_jobs(cron_database => 'cron''s') WHERE job = 'bloat'$$,
    format($$VALUES ('script', 'SELECT cron.schedule_in_database(''btwin_%1$s.bloat'', ''0 5 1 * *'', ''CALL btwin.run_job(''''bloat'''')'', ''%1$s'', ''regress_job_owner'');')$$, current_database()),
    'pg_cron in another database: the statement to run there');
SELECT results_eq($$SELECT DISTINCT scheduler, cron_database, owner FROM btwin.scheduled_job$$, $$VALUES ('pg_cron elsewhere', 'cron''s', 'regress_job_owner')$$, 'and that is recorded');
SELECT is((SELECT detail FROM btwin.schedule_jobs('{"bloat": null}', cron_database => 'cron''s') WHERE job = 'bloat'),
          format('SELECT cron.unschedule(jobid) FROM cron.job WHERE jobname = ''btwin_%s.bloat'' AND username = ''regress_job_owner'';', current_database()), 'a job that is not wanted any more: the statement that removes it');
SELECT is_empty($$SELECT * FROM btwin.schedule_jobs(cron_database => 'cron''s') WHERE job = 'bloat'$$, 'it stays unwanted');

-- Settings hold until "default"
SELECT is((SELECT schedule FROM btwin.schedule_jobs('{"bloat": "default", "refresh": "*/10 * * * *"}') WHERE job = 'refresh'), '*/10 * * * *', 'another schedule');
SELECT results_eq($$SELECT job, schedule FROM btwin.schedule_jobs() WHERE job IN ('refresh', 'bloat') ORDER BY job$$, $$VALUES ('bloat', '0 5 1 * *'), ('refresh', '*/10 * * * *')$$, 'holds for the next call');
SELECT is((SELECT schedule FROM btwin.schedule_jobs('{"refresh": "default"}') WHERE job = 'refresh'), '*/5 * * * *', 'and goes by "default"');


-- Runs. Commits are part of them, so nothing of this stands in a transaction; the
-- plan sees to it that no test is lost after an error.
\set ON_ERROR_STOP off
SELECT is_empty($$SELECT job FROM btwin.job_health WHERE last_run IS NOT NULL$$, 'nothing has run yet');
INSERT INTO app.users (id) SELECT 'u' || g FROM generate_series(1, 120) g;
INSERT INTO app.study_sessions (id, user_id, started_at, duration_ms) SELECT 's' || g, 'u' || g, '2026-01-05 10:00Z', 1800000 FROM generate_series(1, 120) g;
-- a moment that lets days close
SET ROLE regress_job_owner;
CALL btwin.refresh() \gset refresh_
CALL btwin.nightly() \gset nightly_
SELECT is(:'nightly_result'::text, '3 of 3 parts done', 'a night');
SELECT results_eq($$SELECT job, part, outcome, n, message FROM btwin.job_run ORDER BY run_id$$,
    $$VALUES ('nightly', NULL, 'done', NULL::bigint, '3 of 3 parts done'), ('nightly', 'refresh', 'done', 0, 'done: 0 of 0 learners, 0 day rows'), ('nightly', 'verify', 'done', 0, NULL), ('nightly', 'prune', 'done', 0, NULL)$$,
    'leaves a row for itself and one for each part');
SELECT ok(bool_and(finished_at >= started_at AND pid = pg_backend_pid()), 'with its times and its process') FROM btwin.job_run;
SELECT ok(count(DISTINCT xmin::text) = 4, 'each part was committed by itself') FROM btwin.job_run;

-- stored rows that were changed behind the store's back are found, counted, noted
UPDATE btwin.user_day SET n_rows = n_rows + 1 WHERE user_id = 'u7';
CALL btwin.nightly(sample => 1000) \gset nightly_
SELECT ok((SELECT count(*) FROM btwin.user_day WHERE user_id = 'u7') > 0 AND (SELECT r.n FROM btwin.job_run r WHERE r.part = 'verify' ORDER BY r.run_id DESC LIMIT 1) = (SELECT count(*) FROM btwin.user_day WHERE user_id = 'u7') + (SELECT count(*) FROM btwin.user_month WHERE user_id = 'u7'),
          'verify counts the stored rows that differ: days, and the months they no longer add up to');
CALL btwin.nightly(sample => 1000) \gset nightly_
SELECT is((SELECT array_agg(r.n ORDER BY r.run_id) FROM btwin.job_run r WHERE r.part_of = (SELECT max(run_id) FROM btwin.job_run WHERE part_of IS NULL)), '{1,0,0}', 'the next night mends one learner, then nothing differs');

-- A part that fails does not stop the next and is raised at the end
RESET ROLE;
INSERT INTO btwin.nightly_part (part, position, call, comment) VALUES ('broken', 15, 'SELECT 1 / ($1 - $1)', 'a part that fails');
SET ROLE regress_job_owner;
CALL btwin.nightly();
\set code :LAST_ERROR_SQLSTATE
\set text :LAST_ERROR_MESSAGE
SELECT is(:'code'::text, '22012', 'nightly raises what the first failing part raised');
SELECT is(:'text'::text, 'job nightly failed: broken: division by zero', 'and says which part');
SELECT results_eq($$SELECT part, outcome, message FROM btwin.job_run WHERE run_id > (SELECT max(run_id) FROM btwin.job_run WHERE part_of IS NULL) - 1 ORDER BY run_id$$,
    $$VALUES (NULL, 'failed', '3 of 4 parts done; broken: division by zero'), ('refresh', 'done', 'done: 0 of 0 learners, 0 day rows'), ('verify', 'done', NULL), ('broken', 'failed', 'division by zero (22012)'), ('prune', 'done', NULL)$$,
    'the parts before and after it are done');
SELECT results_eq($$SELECT last_result, message, consecutive_failures, last_success < last_run FROM btwin.job_health WHERE job = 'nightly'$$,
    $$VALUES ('failed', '3 of 4 parts done; broken: division by zero', 1::bigint, true)$$, 'job_health shows the failure');
CALL btwin.nightly();
SELECT is((SELECT consecutive_failures FROM btwin.job_health WHERE job = 'nightly'), 2::bigint, 'and counts them');
RESET ROLE;
DELETE FROM btwin.nightly_part WHERE part = 'broken';
SET ROLE regress_job_owner;
CALL btwin.nightly() \gset nightly_
SELECT results_eq($$SELECT last_result, consecutive_failures, last_success = last_run FROM btwin.job_health WHERE job = 'nightly'$$, $$VALUES ('done', 0::bigint, true)$$, 'until one is done');

-- A part that did some of its work keeps it
RESET ROLE;
CREATE TABLE btwin.regress_half (a integer);
GRANT INSERT ON btwin.regress_half TO regress_job_owner;
CREATE FUNCTION btwin.regress_half(OUT n bigint, OUT problem text) LANGUAGE sql VOLATILE AS $$INSERT INTO btwin.regress_half VALUES (1) RETURNING 1, 'one of two'$$;
INSERT INTO btwin.job (job, position, schedule, command, call, purpose) VALUES ('half', 99, '* * * * *', 'CALL btwin.run_job(''half'')', 'SELECT n, problem FROM btwin.regress_half()', 'half');
SET ROLE regress_job_owner;
CALL btwin.run_job('half');
SELECT is(:'LAST_ERROR_MESSAGE'::text, 'job half failed: one of two', 'what failed is raised');
RESET ROLE;
SELECT results_eq('SELECT a FROM btwin.regress_half', 'VALUES (1)', 'what was done stays');
SELECT results_eq($$SELECT outcome, n, message FROM btwin.job_run WHERE job = 'half'$$, $$VALUES ('failed', 1::bigint, 'one of two')$$, 'and both are written down');
DROP FUNCTION btwin.regress_half();
DROP TABLE btwin.regress_half;
DELETE FROM btwin.job WHERE job = 'half';
DELETE FROM btwin.job_run WHERE job = 'half';

-- A refresh that fails within nightly is one part
RESET ROLE;
ALTER FUNCTION btwin._take_clock() RENAME TO _take_clock_away;
SET ROLE regress_job_owner;
CALL btwin.nightly();
\set text :LAST_ERROR_MESSAGE
SELECT is(:'text'::text, 'job nightly failed: refresh: function btwin._take_clock() does not exist', 'a refresh that fails');
SELECT is((SELECT string_agg(part || ' ' || outcome, ', ' ORDER BY run_id) FROM btwin.job_run WHERE part_of = (SELECT max(run_id) FROM btwin.job_run WHERE part_of IS NULL)), 'refresh failed, verify done, prune done', 'does not stop the others');
RESET ROLE;
ALTER FUNCTION btwin._take_clock_away() RENAME TO _take_clock;
SET ROLE regress_job_owner;
CALL btwin.nightly(sample => 0);
SELECT is(:'LAST_ERROR_SQLSTATE'::text, '22023', 'a sample of none');
CALL btwin.nightly(keep_days => NULL);
SELECT is(:'LAST_ERROR_SQLSTATE'::text, '22023', 'no days to keep');

-- Jobs that are one query
CALL btwin.run_job('bloat') \gset bloat_
SELECT is(:'bloat_result'::text, format('done: %s', (SELECT count(*) FROM btwin.bloat_check)), 'the check of bloat says how much it looked at');
CALL btwin.run_job('refresh');
SELECT is(:'LAST_ERROR_SQLSTATE'::text, '22023', 'refresh is no matter of run_job');
CALL btwin.run_job('bi');
SELECT is((SELECT outcome FROM btwin.job_run WHERE job = 'bi'), CASE WHEN to_regprocedure('btwin.refresh_bi()') IS NULL THEN 'failed' ELSE 'done' END, 'a job whose function is missing fails and says so');

-- Statistics
CALL btwin.analyze_tables() \gset analyze_
SELECT is(:'analyze_result'::text, format('done: %s tables', (SELECT count(*) FROM btwin._maintained_tables())), 'analyze_tables analyses what attach made');
SELECT ok((SELECT reltuples FROM pg_class WHERE oid = 'app.users'::regclass) = 120, 'statistics are there');
SELECT results_eq($$SELECT outcome, n FROM btwin.job_run WHERE job = 'analyze'$$, $$SELECT 'done', count(*) FROM btwin._maintained_tables()$$, 'and a row of the run');
RESET ROLE;
ALTER TABLE app.achievements OWNER TO regress_job_stranger;
SET ROLE regress_job_owner;
CALL btwin.analyze_tables();
\set text :LAST_ERROR_MESSAGE
SELECT is(:'text'::text, 'job analyze failed: app.achievements: table app.achievements belongs to role regress_job_stranger', 'a table of another role is said, the others are analysed');
SELECT results_eq($$SELECT outcome, n FROM btwin.job_run WHERE job = 'analyze' ORDER BY run_id DESC LIMIT 1$$, $$SELECT 'failed', count(*) - 1 FROM btwin._maintained_tables()$$, 'all the others');
SELECT results_eq($$SELECT action, detail FROM btwin.schedule_jobs(scheduler => 'crontab') WHERE job = 'reindex_achievements' AND action <> 'removed'$$, $$VALUES ('left out', 'app.achievements belongs to role regress_job_stranger')$$, 'its job is left out and says why');

-- Bloat by estimate: of 100,000 rows nine in ten are gone from the middle of the table
CREATE TABLE btwin.regress_bloated (a integer PRIMARY KEY, b text) WITH (autovacuum_enabled = false);
INSERT INTO btwin.regress_bloated SELECT g, repeat('x', 100) FROM generate_series(1, 50000) g;
ANALYZE btwin.regress_bloated;
SELECT ok(btwin._estimated_bloat('btwin.regress_bloated'::regclass) < 0.06 AND btwin._estimated_bloat('btwin.regress_bloated_pkey'::regclass) < 0.06, 'a fresh table and its index are not bloated');
-- 5,000 of 50,000 rows stay: nine tenths of the pages could go
DELETE FROM btwin.regress_bloated WHERE a % 10 > 0;
VACUUM ANALYZE btwin.regress_bloated;
SELECT ok(abs(btwin._estimated_bloat('btwin.regress_bloated'::regclass) - 0.9) < 0.02, 'nine tenths of a table');
SELECT ok(abs(btwin._estimated_bloat('btwin.regress_bloated_pkey'::regclass) - 0.9) < 0.02, 'and of its index');
-- an index of few keys keeps each once: 6 bytes and no more for a further row
CREATE TABLE btwin.regress_few (k integer, v integer) WITH (autovacuum_enabled = false);
INSERT INTO btwin.regress_few SELECT g % 10, g FROM generate_series(1, 200000) g;
CREATE INDEX regress_few_k ON btwin.regress_few (k);
ANALYZE btwin.regress_few;
SELECT ok(btwin._estimated_bloat('btwin.regress_few_k'::regclass) < 0.06, 'an index of few keys, just built');
DELETE FROM btwin.regress_few WHERE v % 100 >= 10;
VACUUM ANALYZE btwin.regress_few;
SELECT ok(abs(btwin._estimated_bloat('btwin.regress_few_k'::regclass) - 0.9) < 0.03, 'nine tenths of it');
DROP TABLE btwin.regress_few;
SELECT btwin.check_bloat() AS measured \gset
SELECT results_eq($$SELECT object, kind, method, n_rows, round(bloat_ratio::numeric, 1), abs(bloat_bytes - bloat_ratio * size_bytes) < 1 FROM btwin.bloat_check WHERE object LIKE 'btwin.regress%' ORDER BY 1$$,
    $$VALUES ('btwin.regress_bloated', 'table', 'estimate', 5000::double precision, 0.9, true), ('btwin.regress_bloated_pkey', 'index', 'estimate', 5000, 0.9, true)$$, 'is written down');
DROP TABLE btwin.regress_bloated;

-- Old records go, the last run of each job stays
UPDATE btwin.job_run SET started_at = started_at - interval '91 days';
UPDATE btwin.refresh_run SET started_at = started_at - interval '91 days';
UPDATE btwin.bloat_check SET checked_at = checked_at - interval '91 days';
SELECT count(*) AS before FROM (SELECT 1 FROM btwin.job_run UNION ALL SELECT 1 FROM btwin.refresh_run UNION ALL SELECT 1 FROM btwin.bloat_check) AS r \gset
SELECT btwin.prune_history() AS pruned \gset
SELECT is((:before - :pruned)::bigint, (SELECT count(*) FROM (SELECT 1 FROM btwin.job_run UNION ALL SELECT 1 FROM btwin.refresh_run UNION ALL SELECT 1 FROM btwin.bloat_check) AS r), 'prune_history says how many it removed');
SELECT results_eq($$SELECT job, count(*) FILTER (WHERE part_of IS NULL), count(*) FILTER (WHERE part IS NOT NULL) FROM btwin.job_run GROUP BY job ORDER BY job$$,
    $$VALUES ('analyze', 2::bigint, 0::bigint), ('bi', 1, 0), ('bloat', 1, 0), ('nightly', 2, 6)$$, 'of each job the last run of each outcome stays, with its parts');
SELECT is((SELECT count(DISTINCT checked_at) FROM btwin.bloat_check), 1::bigint, 'and the last check of bloat');
SELECT is(btwin.prune_history(), 0::bigint, 'nothing more to remove');
SELECT throws_ok('SELECT btwin.prune_history(0)', '22023', NULL, 'days to keep: at least one');
SELECT is(btwin.prune_history(36500), 0::bigint, 'a hundred years');
SELECT throws_ok('SELECT btwin.prune_history(36501)', '22023', NULL, 'and not a day more');

-- Health of jobs that a crontab runs
SELECT results_eq($$SELECT scheduler, is_scheduled, is_active, period_seconds, is_overdue, is_orphaned, next_run > now() FROM btwin.job_health WHERE job = 'nightly'$$,
    $$VALUES ('crontab', true, true, 86400::bigint, true, false, true)$$, 'a daily job that last did well 91 days ago is overdue');
SELECT ok(lag_seconds BETWEEN 91 * 86400 AND 91 * 86400 + 3600, 'by its lag') FROM btwin.job_health WHERE job = 'bloat';
SELECT results_eq($$SELECT last_run, lag_seconds, is_overdue, is_scheduled FROM btwin.job_health WHERE job = 'reindex_users'$$, $$VALUES (NULL::timestamptz, NULL::bigint, false, true)$$,
    'of statements by themselves nobody keeps a record: not known, not overdue');
INSERT INTO btwin.job_run (job, pid) VALUES ('analyze', 0);
SELECT is((SELECT last_result FROM btwin.job_health WHERE job = 'analyze'), 'abandoned', 'a run whose process is gone is abandoned');
CALL btwin.analyze_tables();
SELECT is((SELECT count(*) FROM btwin.job_run WHERE outcome = 'abandoned' AND finished_at IS NOT NULL), 1::bigint, 'and the next run says so');
RESET ROLE;

-- Indexes made on tables of the application: one statement each, half an hour
-- apart on one table, over midnight too
ALTER TABLE app.achievements OWNER TO regress_job_owner;
UPDATE btwin.attached_object SET made = false WHERE kind = 'table' AND object_name = 'behavioral_events';
SELECT ok(count(*) > 2 AND bool_and(command ~ '^REINDEX INDEX CONCURRENTLY app\.btwin_behavioral_events_\w+$') AND array_agg(minutes_later ORDER BY minutes_later) = array_agg(min_later + 30 * (rank - 1)::integer ORDER BY rank), 'indexes of one table')
FROM (SELECT r.*, min(minutes_later) OVER () AS min_later, row_number() OVER (ORDER BY minutes_later) AS rank
      FROM btwin._reindex_jobs() r WHERE command LIKE '%INDEX CONCURRENTLY app.btwin_behavioral_events%') AS r;
-- 30 minutes after 23:45 on Saturday it is 00:15 on Sunday
INSERT INTO btwin.job_setting (job, schedule) VALUES ('reindex', '45 23 * * 6');
SELECT ok(bool_and(w.schedule = CASE WHEN r.minutes_later < 15 THEN format('%s 23 * * 6', 45 + r.minutes_later) ELSE format('%s %s * * 0', (r.minutes_later - 15) % 60, (r.minutes_later - 15) / 60) END), 'their starts are spread over midnight')
FROM btwin._reindex_jobs() r JOIN btwin._wanted_jobs() w ON w.job = r.job;
DELETE FROM btwin.job_setting;

SELECT count(*) AS scheduled FROM btwin.scheduled_job \gset
SELECT is((SELECT count(*) FROM btwin.detach() WHERE kind = 'job' AND action = 'removed' AND detail LIKE '%crontab'), :scheduled::bigint, 'detach says of each line that it has to go');
SELECT is_empty('SELECT * FROM btwin.scheduled_job', 'nothing is scheduled after it');
SELECT is_empty($$SELECT job FROM btwin.job_health WHERE is_scheduled$$, 'and job_health shows nothing scheduled');
-- the next attach for another owner takes over what was left
GRANT USAGE, CREATE ON SCHEMA app TO regress_job_stranger;
SELECT count(*) AS ignored FROM btwin.attach('app', owner => 'regress_job_stranger') \gset
SELECT is((SELECT string_agg(DISTINCT tableowner, ' ') FROM pg_tables WHERE schemaname = 'btwin' AND tablename = ANY (btwin._job_tables())), 'regress_job_stranger', 'another owner gets the tables of the jobs');
SELECT is((SELECT string_agg(object, ' ' ORDER BY object) FROM btwin.detach(drop_derived => true) WHERE kind = 'jobs' AND action = 'dropped'), 'btwin.bloat_check btwin.job_run btwin.scheduled_job', 'drop_derived drops records');
SELECT count(*) AS ignored FROM btwin.detach(drop_data => true) \gset
SELECT ok(to_regclass('btwin.job_setting') IS NULL, 'drop_data the settings');
SELECT * FROM finish();
DROP SCHEMA app CASCADE;
DROP OWNED BY regress_job_owner, regress_job_stranger;
DROP ROLE regress_job_owner, regress_job_stranger;
