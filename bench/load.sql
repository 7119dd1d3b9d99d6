-- Cognitive load: the aggregate beside core's regr_slope, the same aggregate in
-- PL/pgSQL, and the same answer in set-based SQL. Run by bench/run, which
-- provides bench.compare; psql variable "rows" (default 5000000).
\if :{?rows} \else
\set rows 5000000
\endif
SET jit = off;
SET max_parallel_workers_per_gather = 0;
SET timezone = 'UTC';
-- sessions are read in order, as by an index on (session, time), by all alike
SET enable_hashagg = off;

CREATE TABLE answer AS
SELECT i / 50 AS session, '2024-01-01'::timestamptz + (i / 50) * interval '1 hour' + (i % 50) * interval '45 seconds' AS at,
       exp(8.5 + 0.5 * sin(i * 12.9898)) AS latency_ms, i * 7919::bigint % 100 < 75 AS correct, (extract(epoch FROM '2024-01-01'::timestamptz) + i)::float8 AS x
FROM generate_series(0, :rows - 1) AS i;
CREATE INDEX ON answer (session, at);
VACUUM ANALYZE answer;

\echo state of each session against regr_slope of each session (bar: 3.0)
SELECT * FROM bench.compare(ARRAY['regr_slope', 'cognitive_load_agg'], ARRAY[
    'SELECT count(s) FROM (SELECT regr_slope(latency_ms, x) AS s FROM answer GROUP BY session) q',
    'SELECT count(s) FROM (SELECT btwin.cognitive_load_agg(at, latency_ms, correct) AS s FROM answer GROUP BY session) q'], 5);

-- The same state in PL/pgSQL: three arrays, put in order at the end.
CREATE TYPE plain_load AS (at timestamptz[], latency_ms float8[], correct boolean[]);
CREATE FUNCTION plain_accum(state plain_load, at timestamptz, latency_ms float8, correct boolean) RETURNS plain_load LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    IF at IS NULL OR latency_ms IS NULL AND correct IS NULL THEN RETURN state; END IF;
    IF latency_ms < 0 OR latency_ms >= 'Infinity' THEN RAISE EXCEPTION 'latency_ms out of range'; END IF;
    state.at := state.at || at;
    state.latency_ms := state.latency_ms || latency_ms;
    state.correct := state.correct || correct;
    RETURN state;
END $$;
CREATE FUNCTION plain_final(state plain_load) RETURNS plain_load LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    SELECT array_agg(u.a ORDER BY u.a, u.l, u.c), array_agg(u.l ORDER BY u.a, u.l, u.c), array_agg(u.c ORDER BY u.a, u.l, u.c)
    INTO state.at, state.latency_ms, state.correct FROM unnest(state.at, state.latency_ms, state.correct) AS u(a, l, c);
    RETURN state;
END $$;
CREATE AGGREGATE plain_load_agg(at timestamptz, latency_ms float8, correct boolean) (SFUNC = plain_accum, STYPE = plain_load, FINALFUNC = plain_final);

CREATE TABLE tenth AS SELECT * FROM answer WHERE session < :rows / 50 / 10;
CREATE INDEX ON tenth (session, at);
VACUUM ANALYZE tenth;
\echo the same aggregate in PL/pgSQL, on a tenth of the rows (bar: 5.0)
SELECT * FROM bench.compare(ARRAY['cognitive_load_agg', 'in PL/pgSQL'], ARRAY[
    'SELECT count(s) FROM (SELECT btwin.cognitive_load_agg(at, latency_ms, correct) AS s FROM tenth GROUP BY session) q',
    'SELECT count(s) FROM (SELECT plain_load_agg(at, latency_ms, correct) AS s FROM tenth GROUP BY session) q'], 3);

-- The load of every session against the population's norms, in one pass of
-- windows and sums: the formula of doc/load.md with its constants folded in.
CREATE VIEW set_based AS
SELECT session, 100 / (1 + exp(-ln(35 / 65.0::float8) - 2 * (tanh(e1 / 2) + tanh(e2 / 2) + tanh(e4 / 2) + tanh(e5 / 2)))) AS value
FROM (SELECT session,
             10 / ln(1.3::float8) / 22.75 * 0.5 * z * 0.0225 / (0.0225 + 0.25 / n + 0.64) AS e1,
             40 / 22.75 * (w / n - 0.3) * 0.0225 / (0.0225 + 0.21 / n + 0.21 / 11 + 0.0225) AS e2,
             15 / 22.75 * coalesce(sxy, 0) / sxx * 0.0225 / (0.0225 + (w + 3) / (n + 10) * (1 - (w + 3) / (n + 10)) / sxx) AS e4,
             24 / 30.0 / 22.75 * 5 * ln(1 + exp((ms / 60000 - 45) / 5)) * n / (n + 2) AS e5
      FROM (SELECT session, count(*)::float8 AS n, (count(*) FILTER (WHERE NOT correct))::float8 AS w,
                   avg(greatest(least((ln(greatest(latency_ms, 1)) - ln(6000::float8) - CASE WHEN correct THEN 0 ELSE ln(1.4::float8) END) / 0.5, 2.5), -2.5)) AS z,
                   sum(x * x) AS sxx, sum(x) FILTER (WHERE NOT correct) AS sxy,
                   sum(least(600000, coalesce(1000 * extract(epoch FROM next_at - at)::float8, latency_ms))) AS ms
            FROM (SELECT session, at, latency_ms, correct, lead(at) OVER w AS next_at,
                         (row_number() OVER w - (count(*) OVER (PARTITION BY session) + 1) / 2.0::float8) / count(*) OVER (PARTITION BY session) AS x
                  FROM answer WINDOW w AS (PARTITION BY session ORDER BY at)) a
            GROUP BY session) s) f;
\echo loads of the two differ by at most
SELECT max(abs(v.value - (btwin.load_score(s)).value)) AS difference
FROM set_based v JOIN (SELECT session, btwin.cognitive_load_agg(at, latency_ms, correct) AS s FROM answer GROUP BY session) q USING (session);
\echo load of each session against set-based SQL (bar: at least 1.0)
SELECT * FROM bench.compare(ARRAY['load_score(cognitive_load_agg)', 'set-based SQL'], ARRAY[
    'SELECT sum(s.value) FROM (SELECT btwin.cognitive_load_agg(at, latency_ms, correct) AS l FROM answer GROUP BY session) q, btwin.load_score(l) AS s',
    'SELECT sum(value) FROM set_based'], 3);

-- Merging days into a year: one learner's 1,800 sessions, and the score.
CREATE TABLE day AS SELECT btwin.baseline(btwin.cognitive_load_agg(at, latency_ms, correct)) AS b FROM answer WHERE session < 1800 GROUP BY session;
CREATE TABLE year AS SELECT btwin.rollup(b) AS b FROM day;
VACUUM ANALYZE day, year;
\echo bytes of a day and of all days
SELECT (SELECT round(avg(pg_column_size(b))) FROM day) AS day, (SELECT pg_column_size(b) FROM year) AS all_days;
\echo 1800 baselines merged, and 1000 scores of a session of 50 against the merged one
SELECT * FROM bench.compare(ARRAY['rollup of 1800', '1000 scores'], ARRAY[
    'SELECT btwin.rollup(b) FROM day',
    'SELECT sum(s.value) FROM (SELECT btwin.cognitive_load_agg(at, latency_ms, correct) AS l FROM answer WHERE session = 1) q, year, generate_series(1, 1000) AS i, btwin.load_score(l, b, i / 10.0) AS s'], 5);
