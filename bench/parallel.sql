-- Speed-up by parallel workers: each family's aggregate beside core's regr_slope,
-- in one session, interleaved, medians. Target: at least 0.9 of regr_slope's own.
-- Cognitive load has one state per session and stands beside regr_slope per session.
--   psql -v rows=20000000 -f bench/parallel.sql
\set ON_ERROR_STOP on
\set QUIET on
\if :{?rows} \else
\set rows 20000000
\endif
SET jit = off;
SET max_parallel_workers_per_gather = 1;
SET min_parallel_table_scan_size = 0;
SET parallel_leader_participation = on;
CREATE UNLOGGED TABLE bench_event AS
SELECT 'arm ' || g % 4 AS arm, (g % 1000) / 1000.0::float8 AS score, (g % 24)::int AS hour, (g % 40) + 0.5::float8 AS elapsed, g % 7 > 0 AS recalled,
       DATE '2026-01-01' + (g % 200)::int AS day, g::float8 AS x, ARRAY[(g % 17) / 17.0, (g % 29) / 29.0, (g % 41) / 41.0]::float8[] AS features,
       (g / 100)::int AS session, TIMESTAMPTZ '2026-01-01 00:00+00' + (g % 100) * INTERVAL '40 s' AS at
FROM generate_series(1, :rows) g;
ANALYZE bench_event;
-- one worker for the whole of it, so that two cores share the rows evenly
ALTER TABLE bench_event SET (parallel_workers = 1);
SELECT count(*) AS rows FROM bench_event;

CREATE TEMP TABLE timing (what text, workers int, ms float8);
CREATE PROCEDURE pg_temp.measure(what text, statement text) LANGUAGE plpgsql AS $$
DECLARE
    t timestamptz;
BEGIN
    FOR workers IN 0..1 LOOP
        PERFORM set_config('max_parallel_workers_per_gather', workers::text, false);
        t := clock_timestamp();
        EXECUTE statement;
        INSERT INTO pg_temp.timing VALUES (what, workers, extract(epoch FROM clock_timestamp() - t) * 1000);
    END LOOP;
END $$;
DO $$
BEGIN
    FOR round IN 1..5 LOOP
        CALL pg_temp.measure('regr_slope', 'SELECT regr_slope(score, x) FROM bench_event');
        CALL pg_temp.measure('bandit_agg', 'SELECT btwin.bandit_agg(arm, score) FROM bench_event');
        CALL pg_temp.measure('pattern_agg', 'SELECT btwin.pattern_agg(hour, score) FROM bench_event');
        CALL pg_temp.measure('forgetting_agg', 'SELECT btwin.forgetting_agg(elapsed, recalled) FROM bench_event');
        CALL pg_temp.measure('logit_step_agg', 'SELECT btwin.logit_step_agg(recalled, features, ''{0.1,0.2,-0.3,0.4}'') FROM bench_event');
        CALL pg_temp.measure('auc_agg', 'SELECT btwin.auc_agg(score, recalled) FROM bench_event');
        CALL pg_temp.measure('brier_agg', 'SELECT btwin.brier_agg(score, recalled) FROM bench_event');
        CALL pg_temp.measure('burnout_agg', 'SELECT btwin.burnout_agg(day, x, score * 100, score, 1, 0) FROM bench_event');
        CALL pg_temp.measure('regr_slope by session', 'SELECT count(s) FROM (SELECT regr_slope(score, x) AS s FROM bench_event GROUP BY session) q');
        CALL pg_temp.measure('cognitive_load_agg by session', 'SELECT count(s) FROM (SELECT btwin.cognitive_load_agg(at, x, recalled) AS s FROM bench_event GROUP BY session) q');
        RAISE NOTICE 'round % of 5', round;
    END LOOP;
END $$;
WITH median AS (
    SELECT what, workers, percentile_cont(0.5) WITHIN GROUP (ORDER BY ms) AS ms FROM timing GROUP BY what, workers
), speed AS (
    SELECT s.what, s.ms AS serial_ms, p.ms AS parallel_ms, s.ms / p.ms AS speed_up
    FROM median s JOIN median p ON p.what = s.what AND s.workers = 0 AND p.workers = 1
)
SELECT what, round(serial_ms) AS serial_ms, round(parallel_ms) AS parallel_ms, round(speed_up::numeric, 2) AS speed_up,
       round((speed_up / (SELECT r.speed_up FROM speed r WHERE r.what = 'regr_slope' || CASE WHEN s.what LIKE '% by session' THEN ' by session' ELSE '' END))::numeric, 2) AS to_regr_slope
FROM speed s ORDER BY what;
DROP TABLE bench_event;
