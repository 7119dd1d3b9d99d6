-- burnout_agg against the best set-based SQL, the same aggregate in PL/pgSQL and
-- core's regr_slope, and what the accessors cost. Interleaved rounds in one
-- session, medians and ratios.
--   psql -v rows=5000000 -f bench/burnout.sql
\set ON_ERROR_STOP on
\set QUIET on
\if :{?rows} \else
\set rows 5000000
\endif
SET max_parallel_workers_per_gather = 0;
SET jit = off;
SET work_mem = '256MB';
-- 1,000 days, in no order
CREATE TEMP TABLE day_row AS
SELECT '2022-01-01'::date + (g::bigint * 7919 % 1000)::int AS day, (g % 7) * 1e6::float8 AS study_ms, (g % 100)::float8 AS load, (g % 11) / 10.0::float8 AS retention,
       (g % 4)::int AS planned, (g % 4 / 2)::int AS skipped, g::float8 AS x FROM generate_series(1, :rows) g;
ANALYZE day_row;

-- a PL/pgSQL author's version of the same state: arrays by day number
CREATE TYPE pg_temp.burnout_state AS (first date, n int[], study float8[], load float8[], retention float8[], planned float8[], skipped float8[]);
CREATE FUNCTION pg_temp.accum(s pg_temp.burnout_state, day date, study_ms float8, load float8, retention float8, planned int, skipped int) RETURNS pg_temp.burnout_state LANGUAGE plpgsql AS $$
DECLARE
    i int := day - s.first + 1;
BEGIN
    IF day IS NULL THEN RETURN s; END IF;
    s.n[i] := coalesce(s.n[i], 0) + 1;
    s.study[i] := coalesce(s.study[i], 0) + coalesce(study_ms, 0);
    s.load[i] := coalesce(s.load[i], 0) + coalesce(load, 0);
    s.retention[i] := coalesce(s.retention[i], 0) + coalesce(retention, 0);
    s.planned[i] := coalesce(s.planned[i], 0) + coalesce(planned, 0);
    s.skipped[i] := coalesce(s.skipped[i], 0) + coalesce(skipped, 0);
    RETURN s;
END $$;
CREATE AGGREGATE pg_temp.plpgsql_burnout_agg(date, float8, float8, float8, int, int) (SFUNC = pg_temp.accum, STYPE = pg_temp.burnout_state, INITCOND = '(2022-01-01,{},{},{},{},{},{})');

CREATE TEMP TABLE timing (what text, ms float8);
CREATE PROCEDURE pg_temp.measure(what text, statement text) LANGUAGE plpgsql AS $$
DECLARE
    t timestamptz := clock_timestamp();
BEGIN
    EXECUTE statement;
    INSERT INTO pg_temp.timing VALUES (what, extract(epoch FROM clock_timestamp() - t) * 1000);
END $$;
DO $$
BEGIN
    FOR round IN 1..7 LOOP
        CALL pg_temp.measure('btwin.burnout_agg', 'SELECT btwin.burnout_agg(day, study_ms, load, retention, planned, skipped) FROM day_row');
        CALL pg_temp.measure('set-based SQL', 'SELECT jsonb_agg(q) FROM (SELECT day, count(study_ms), sum(study_ms), count(load), sum(load), count(retention), sum(retention), count(planned), sum(planned), count(skipped), sum(skipped) FROM day_row GROUP BY day) q');
        CALL pg_temp.measure('regr_slope', 'SELECT regr_slope(load, x) FROM day_row');
        IF round <= 3 THEN
            CALL pg_temp.measure('PL/pgSQL aggregate (on 1/100 of the rows)', 'SELECT pg_temp.plpgsql_burnout_agg(day, study_ms, load, retention, planned, skipped) FROM day_row WHERE x <= (SELECT count(*) / 100 FROM day_row)');
        END IF;
        RAISE NOTICE 'round % of 7', round;
    END LOOP;
END $$;
SELECT what, round(percentile_cont(0.5) WITHIN GROUP (ORDER BY ms)::numeric, 1) AS median_ms FROM timing GROUP BY what ORDER BY what;
SELECT round((max(m) FILTER (WHERE what = 'btwin.burnout_agg') / max(m) FILTER (WHERE what = 'set-based SQL'))::numeric, 2) AS to_set_based_sql,
       round((max(m) FILTER (WHERE what = 'btwin.burnout_agg') / max(m) FILTER (WHERE what = 'regr_slope'))::numeric, 2) AS to_regr_slope,
       round((max(m) FILTER (WHERE what LIKE 'PL/pgSQL%') * 100 / max(m) FILTER (WHERE what = 'btwin.burnout_agg'))::numeric, 1) AS plpgsql_to_ours
FROM (SELECT what, percentile_cont(0.5) WITHIN GROUP (ORDER BY ms) AS m FROM timing GROUP BY what) x;

-- answers per learner: 200 learners, a year of days each
TRUNCATE timing;
CREATE TEMP TABLE learner AS
SELECT l, btwin.burnout_agg('2023-01-01'::date + g, g % 3 * 1e6, 30 + (g * l) % 40, (g + l) % 10 / 10.0, 1, (g * l % 9 = 0)::int) AS s
FROM generate_series(1, 200) l, generate_series(0, 364) g GROUP BY l;
DO $$
BEGIN
    FOR round IN 1..5 LOOP
        CALL pg_temp.measure('risk_score', 'SELECT sum(btwin.risk_score(s, ''2023-12-31'')) FROM learner');
        CALL pg_temp.measure('risk', 'SELECT count(r.level) FROM learner, btwin.risk(s, ''2023-12-31'') r');
        CALL pg_temp.measure('factors', 'SELECT count(*) FROM learner, btwin.factors(s, ''2023-12-31'')');
        CALL pg_temp.measure('signals', 'SELECT count(*) FROM learner, btwin.signals(s, ''2023-12-31'')');
        CALL pg_temp.measure('risk_by_day (365 days)', 'SELECT count(*) FROM learner, btwin.risk_by_day(s, ''2023-01-01'', ''2023-12-31'')');
    END LOOP;
END $$;
SELECT what, round((1000 * percentile_cont(0.5) WITHIN GROUP (ORDER BY ms) / 200)::numeric, 1) AS median_us_per_learner FROM timing GROUP BY what ORDER BY what;
