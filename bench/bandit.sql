-- bandit_agg against the best set-based SQL, the same aggregate in PL/pgSQL and
-- core's regr_slope. Interleaved rounds in one session, medians and ratios.
--   psql -v rows=5000000 -f bench/bandit.sql
\set ON_ERROR_STOP on
\set QUIET on
\if :{?rows} \else
\set rows 5000000
\endif
SET max_parallel_workers_per_gather = 0;
SET jit = off;
SET work_mem = '256MB';
CREATE TEMP TABLE pull AS
SELECT 'arm ' || (g::bigint * 7919 % 4) AS arm, (g % 1000) / 1000.0::float8 AS reward, g::float8 AS x FROM generate_series(1, :rows) g;
ANALYZE pull;

-- a PL/pgSQL author's version of the same state: parallel arrays, one scan per row
CREATE TYPE pg_temp.bandit_state AS (arm text[], n float8[], sx float8[], sxx float8[], low float8[], high float8[]);
CREATE FUNCTION pg_temp.accum(s pg_temp.bandit_state, a text, r float8) RETURNS pg_temp.bandit_state LANGUAGE plpgsql AS $$
DECLARE
    i int := array_position(s.arm, a);
    d float8;
BEGIN
    IF a IS NULL OR r IS NULL THEN RETURN s; END IF;
    IF i IS NULL THEN
        s.arm := s.arm || a; s.n := s.n || 1::float8; s.sx := s.sx || r; s.sxx := s.sxx || 0::float8; s.low := s.low || r; s.high := s.high || r;
    ELSE
        d := r - s.sx[i] / s.n[i];
        s.n[i] := s.n[i] + 1; s.sx[i] := s.sx[i] + r; s.sxx[i] := s.sxx[i] + d * (r - s.sx[i] / s.n[i]);
        s.low[i] := least(s.low[i], r); s.high[i] := greatest(s.high[i], r);
    END IF;
    RETURN s;
END $$;
CREATE AGGREGATE pg_temp.plpgsql_bandit_agg(text, float8) (SFUNC = pg_temp.accum, STYPE = pg_temp.bandit_state, INITCOND = '({},{},{},{},{},{})');

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
        CALL pg_temp.measure('btwin.bandit_agg', 'SELECT btwin.bandit_agg(arm, reward) FROM pull');
        CALL pg_temp.measure('set-based SQL', 'SELECT jsonb_agg(q) FROM (SELECT arm, count(*), sum(reward), var_pop(reward), min(reward), max(reward) FROM pull GROUP BY arm) q');
        CALL pg_temp.measure('regr_slope', 'SELECT regr_slope(reward, x) FROM pull');
        IF round <= 3 THEN
            CALL pg_temp.measure('PL/pgSQL aggregate (on 1/20 of the rows)', 'SELECT pg_temp.plpgsql_bandit_agg(arm, reward) FROM pull WHERE x <= (SELECT count(*) / 20 FROM pull)');
        END IF;
        RAISE NOTICE 'round % of 7', round;
    END LOOP;
END $$;
SELECT what, round(percentile_cont(0.5) WITHIN GROUP (ORDER BY ms)::numeric, 1) AS median_ms FROM timing GROUP BY what ORDER BY what;
SELECT round((max(m) FILTER (WHERE what = 'btwin.bandit_agg') / max(m) FILTER (WHERE what = 'set-based SQL'))::numeric, 2) AS to_set_based_sql,
       round((max(m) FILTER (WHERE what = 'btwin.bandit_agg') / max(m) FILTER (WHERE what = 'regr_slope'))::numeric, 2) AS to_regr_slope,
       round((max(m) FILTER (WHERE what LIKE 'PL/pgSQL%') * 20 / max(m) FILTER (WHERE what = 'btwin.bandit_agg'))::numeric, 1) AS plpgsql_to_ours
FROM (SELECT what, percentile_cont(0.5) WITHIN GROUP (ORDER BY ms) AS m FROM timing GROUP BY what) x;
