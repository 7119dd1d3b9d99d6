-- forgetting_agg against the best set-based SQL for the same evidence, the same
-- aggregate in PL/pgSQL and core's regr_slope; over known elapsed times and
-- over reviews of cards, whose gaps have to be found.
--   bench/run 5000000 forgetting, or psql -v rows=5000000 -f bench/forgetting.sql
\set ON_ERROR_STOP on
\set QUIET on
\if :{?rows} \else
\set rows 5000000
\endif
SET max_parallel_workers_per_gather = 0;
SET jit = off;
SET work_mem = '256MB';
CREATE TEMP TABLE pair AS
SELECT 2 ^ ((g::bigint * 7919 % 1700) / 100.0 - 8)::float8 AS days, g % 5 > 0 AS recalled, g::float8 AS x FROM generate_series(1, :rows) g;
-- learners of 2000 reviews of 150 cards over half a year
CREATE TEMP TABLE review AS
SELECT g / 2000 AS u, 'card ' || (g::bigint * 7919 % 150) AS card, '2026-01-01 00:00Z'::timestamptz + interval '1 second' * (g::bigint * 7907 % 15768000) AS at, g % 5 > 0 AS recalled, g::float8 AS x
FROM generate_series(1, :rows) g;
ANALYZE pair;
ANALYZE review;

-- a PL/pgSQL author's version of the pairs: counts in arrays by bin
CREATE TYPE pg_temp.cells AS (reviews bigint[], recalled bigint[], codes bigint[]);
CREATE FUNCTION pg_temp.accum(s pg_temp.cells, days float8, outcome boolean) RETURNS pg_temp.cells LANGUAGE plpgsql AS $$
DECLARE
    code bigint := CASE WHEN days > 0 THEN greatest(0, least(32767, floor(1024 * ln(days) / ln(2::float8) + 0.5) + 16384)) ELSE 0 END;
    bin int := code / 256 + 1;
BEGIN
    IF days IS NULL OR outcome IS NULL THEN RETURN s; END IF;
    s.reviews[bin] := coalesce(s.reviews[bin], 0) + 1;
    s.recalled[bin] := coalesce(s.recalled[bin], 0) + outcome::int;
    s.codes[bin] := coalesce(s.codes[bin], 0) + code;
    RETURN s;
END $$;
CREATE AGGREGATE pg_temp.plpgsql_forgetting_agg(float8, boolean) (SFUNC = pg_temp.accum, STYPE = pg_temp.cells, INITCOND = '({},{},{})');

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
    FOR round IN 1..5 LOOP
        CALL pg_temp.measure('forgetting_agg(elapsed_days, recalled)', 'SELECT btwin.forgetting_agg(days, recalled) FROM pair');
        CALL pg_temp.measure('regr_slope', 'SELECT regr_slope(days, x) FROM pair');
        CALL pg_temp.measure('regr_slope per learner', 'SELECT count(s) FROM (SELECT regr_slope(x, u) AS s FROM review GROUP BY u) q');
        CALL pg_temp.measure('forgetting_agg(card_id, reviewed_at, recalled), a state per learner', 'SELECT count(s) FROM (SELECT btwin.forgetting_agg(card, at, recalled) AS s FROM review GROUP BY u) q');
        IF round <= 3 THEN
            CALL pg_temp.measure('set-based SQL, pairs', $q$SELECT jsonb_agg(q) FROM (
                SELECT code / 256, count(*), count(*) FILTER (WHERE recalled), sum(code)
                FROM (SELECT recalled, greatest(0, least(32767, floor(1024 * ln(days) / ln(2::float8) + 0.5) + 16384))::bigint AS code FROM pair) c GROUP BY code / 256) q$q$);
            CALL pg_temp.measure('set-based SQL, reviews', $q$SELECT count(*) FROM (
                SELECT u, s, l, code / 256, count(*), count(*) FILTER (WHERE recalled), sum(code) FROM (
                    SELECT u, recalled, least(s, 15) AS s, least(l, 7) AS l, greatest(0, least(32767, floor(1024 * ln(extract(epoch FROM at - before)::float8 / 86400) / ln(2::float8) + 0.5) + 16384))::bigint AS code FROM (
                        SELECT u, at, recalled, before, count(*) FILTER (WHERE recalled AND before IS NOT NULL) OVER w AS s, count(*) FILTER (WHERE NOT recalled AND before IS NOT NULL) OVER w AS l FROM (
                            SELECT u, card, at, recalled, lag(at) OVER (PARTITION BY u, card ORDER BY at) AS before FROM review) a
                        WINDOW w AS (PARTITION BY u, card ORDER BY at ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)) b
                    WHERE before < at) c
                GROUP BY u, s, l, code / 256) q$q$);
            CALL pg_temp.measure('the same with points() of the states', 'SELECT count(*) FROM (SELECT btwin.forgetting_agg(card, at, recalled) AS s FROM review GROUP BY u) q, LATERAL btwin.points(s)');
            CALL pg_temp.measure('PL/pgSQL aggregate, pairs (on 1/20 of the rows)', 'SELECT pg_temp.plpgsql_forgetting_agg(days, recalled) FROM pair WHERE x <= (SELECT count(*) / 20 FROM pair)');
        END IF;
        RAISE NOTICE 'round % of 5', round;
    END LOOP;
END $$;
SELECT what, round(percentile_cont(0.5) WITHIN GROUP (ORDER BY ms)::numeric, 1) AS median_ms FROM timing GROUP BY what ORDER BY what;
SELECT round((max(m) FILTER (WHERE what LIKE 'forgetting_agg(elapsed%') / max(m) FILTER (WHERE what = 'set-based SQL, pairs'))::numeric, 2) AS pairs_to_set_based_sql,
       round((max(m) FILTER (WHERE what LIKE 'the same with%') / max(m) FILTER (WHERE what = 'set-based SQL, reviews'))::numeric, 2) AS reviews_to_set_based_sql,
       round((max(m) FILTER (WHERE what LIKE 'forgetting_agg(elapsed%') / max(m) FILTER (WHERE what = 'regr_slope'))::numeric, 2) AS pairs_to_regr_slope,
       round((max(m) FILTER (WHERE what LIKE 'forgetting_agg(card%') / max(m) FILTER (WHERE what = 'regr_slope per learner'))::numeric, 2) AS reviews_to_regr_slope,
       round((max(m) FILTER (WHERE what LIKE 'PL/pgSQL%') * 20 / max(m) FILTER (WHERE what LIKE 'forgetting_agg(elapsed%'))::numeric, 1) AS plpgsql_to_ours
FROM (SELECT what, percentile_cont(0.5) WITHIN GROUP (ORDER BY ms) AS m FROM timing GROUP BY what) x;
-- reading: one learner's curve
CREATE TEMP TABLE one AS SELECT u, btwin.seal(btwin.forgetting_agg(card, at, recalled)) AS s FROM review WHERE u < 100 GROUP BY u;
SELECT count(*) AS curves, round(avg(evidence_count)) AS reviews, round(avg(length(btwin.forgetting_send(s)))) AS bytes FROM one, LATERAL btwin.curve(s);
CALL pg_temp.measure('read', 'SELECT count(c.half_life) FROM one, LATERAL btwin.curve(s) c');
SELECT round((ms / (SELECT count(*) FROM one))::numeric, 2) AS ms_per_curve FROM timing WHERE what = 'read';
