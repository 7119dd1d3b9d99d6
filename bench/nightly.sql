-- The analysis of a night: learners per second, by two sessions as on two cores; what a
-- second call in the same night costs; memory of the sessions.
-- data: simulator
--   bench/run 10000 nightly   ROWS is here the number of simulated learners (default 1000)
--
-- Memory is the private memory of the server processes (/proc/PID/status, RssAnon), so
-- it runs on Linux only.
\if :{?rows} \else
\set rows 1000
\endif
SET jit = off;
SET client_min_messages = warning;
SELECT count(*) AS attached FROM btwin.attach('public', create_indexes => true, triggers => false, default_time_zone => 'UTC') \gset
SET search_path = public;
\ir ../test/sim/load.sql
UPDATE users SET behavioral_analysis_enabled = true;
-- the simulator's history ends; what is planned for the week after it is as the last week was
INSERT INTO missions (id, user_id, date, status, estimated_minutes, objectives)
SELECT m.id || '-next', m.user_id, m.date + interval '7 days', 'PENDING', m.estimated_minutes, m.objectives FROM missions m WHERE m.date > (SELECT max(n.date) - interval '7 days' FROM missions n);
-- and strategies are in force for learners who have outcomes
INSERT INTO personalization_preferences (id, user_id) SELECT 'pp' || id, id FROM users;
INSERT INTO personalization_configs (id, user_id, preferences_id, context, strategy_variant, is_active, activated_at)
SELECT 'pc' || u.id || c, u.id, 'pp' || u.id, c, 'balanced', true, (SELECT max(started_at) - interval '60 days' FROM study_sessions) FROM users u, unnest('{CONTENT,SESSION}'::text[]) AS c;
\echo refresh ...
CALL btwin.refresh() \g /dev/null
VACUUM ANALYZE;
SELECT date_trunc('day', max(started_at), 'UTC') + interval '30 hours' AS until, date_trunc('day', max(started_at), 'UTC') + interval '54 hours' AS next FROM study_sessions \gset

CREATE VIEW bench.night AS
SELECT r.computed_for, count(*) AS sessions, sum(r.learners_done) AS learners, sum(r.learners_failed) AS failed,
       extract(epoch FROM max(r.finished_at) - min(r.started_at)) AS seconds
FROM btwin.analysis_run r GROUP BY r.computed_for, r.outcome;
CREATE TABLE bench.memory (computed_for timestamptz, at timestamptz DEFAULT clock_timestamp(), pid int, learners bigint, kilobytes bigint);

\setenv BENCH_DB :DBNAME
\setenv UNTIL :until
\! bench/nightly_sessions "$BENCH_DB" "$UNTIL"
\setenv UNTIL :next
\! bench/nightly_sessions "$BENCH_DB" "$UNTIL"
\echo the first night, where everything is new, and the one after it: two sessions
SELECT CASE WHEN computed_for = :'until' THEN 'first' ELSE 'next' END AS night, sessions, learners, failed, round(seconds::numeric, 1) AS seconds, round((learners / seconds)::numeric, 1) AS learners_per_second,
       CASE WHEN computed_for = :'next' THEN 100 END AS bar, CASE WHEN computed_for = :'next' THEN CASE WHEN learners / seconds >= 100 AND learners = (SELECT count(*) FROM users) THEN 'holds' ELSE 'NO' END END AS bar_holds
FROM bench.night ORDER BY computed_for;

\echo rows that a learner has after them
SELECT t.name AS "table", round(t.n::numeric / (SELECT count(*) FROM users), 2) AS rows
FROM (SELECT d.table_name::text AS name, (xpath('//n/text()', query_to_xml(format('SELECT count(*) AS n FROM btwin.%I', d.table_name), true, false, '')))[1]::text::bigint AS n FROM btwin.domain_table d WHERE d.written) AS t
WHERE t.n > 0 ORDER BY 1;

\echo private memory of a session in MB, by learners done
SELECT m.place, min(m.learners) AS learners_done, round(max(m.kilobytes) / 1024.0, 1) AS most_mb
FROM (SELECT ntile(4) OVER (ORDER BY at) AS place, * FROM bench.memory WHERE kilobytes IS NOT NULL) AS m GROUP BY m.place ORDER BY 1;

-- A second call in the same night, and the learners analysed again on demand: what is written?
SELECT pg_stat_force_next_flush() \g /dev/null
\o /dev/null
SELECT clock_timestamp() AS begun \gset
CALL btwin.analyze_all(as_of => :'next');
SELECT extract(epoch FROM clock_timestamp() - :'begun') AS again_seconds \gset
CREATE TEMP TABLE again AS SELECT id FROM users ORDER BY md5(id) LIMIT 200;
SELECT n_tup_ins AS i, n_tup_upd AS u, n_tup_del AS d FROM (SELECT sum(pg_stat_get_tuples_inserted(c.oid)) AS n_tup_ins, sum(pg_stat_get_tuples_updated(c.oid)) AS n_tup_upd, sum(pg_stat_get_tuples_deleted(c.oid)) AS n_tup_del
   FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace IN ('public'::regnamespace, 'btwin'::regnamespace) AND c.relname NOT IN ('learner_write', 'analysis_state', 'analysis_run', 'job_run')) AS s \gset before_
SELECT clock_timestamp() AS begun \gset
SELECT count(btwin.analyze(id, :'next')) FROM again;
SELECT extract(epoch FROM clock_timestamp() - :'begun') AS demand_seconds \gset
SELECT pg_stat_force_next_flush();
SELECT n_tup_ins AS i, n_tup_upd AS u, n_tup_del AS d FROM (SELECT sum(pg_stat_get_tuples_inserted(c.oid)) AS n_tup_ins, sum(pg_stat_get_tuples_updated(c.oid)) AS n_tup_upd, sum(pg_stat_get_tuples_deleted(c.oid)) AS n_tup_del
   FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace IN ('public'::regnamespace, 'btwin'::regnamespace) AND c.relname NOT IN ('learner_write', 'analysis_state', 'analysis_run', 'job_run')) AS s \gset after_
\o
\echo the same night again: seconds for all learners; 200 of them on demand: milliseconds each, rows written beside the turn and the state
SELECT round(:again_seconds::numeric, 2) AS again_seconds, round(:demand_seconds::numeric * 1000 / 200, 2) AS demand_ms,
       :after_i - :before_i AS inserted, :after_u - :before_u AS updated, :after_d - :before_d AS deleted;

\echo where the time goes: one learner on demand after a day, step by step (median of 100, milliseconds)
-- As btwin.analyze() calls them, by the names in its own table.
CREATE FUNCTION bench.step_times(moment timestamptz) RETURNS TABLE (step text, ms float8) LANGUAGE plpgsql AS $$
DECLARE
    learner text;
    part    record;
    begun   timestamptz;
    counts  jsonb;
BEGIN
    FOR learner IN SELECT id FROM users ORDER BY md5(id) DESC LIMIT 100 LOOP
        FOR part IN SELECT s.step, s.function FROM btwin.analysis_step s ORDER BY s.position LOOP
            begun := clock_timestamp();
            -- as btwin._analyze_steps() runs them: names from the extension's own table
            EXECUTE format('SELECT %s($1, $2)', part.function) INTO counts USING learner, moment;
            step := part.step;
            ms := extract(epoch FROM clock_timestamp() - begun) * 1000;
            RETURN NEXT;
        END LOOP;
    END LOOP;
END $$;
SELECT s.step, round(percentile_cont(0.5) WITHIN GROUP (ORDER BY s.ms)::numeric, 2) AS median_ms, round(percentile_cont(0.95) WITHIN GROUP (ORDER BY s.ms)::numeric, 2) AS p95_ms
FROM bench.step_times(timestamptz :'next' + interval '1 day') AS s GROUP BY s.step ORDER BY 2 DESC;
