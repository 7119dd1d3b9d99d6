-- Speed of the pattern family, interleaved rounds, medians.
--   psql -v rows=5000000 -v rounds=5 -f bench/pattern.sql
-- Compared: core's regr_slope over the same rows, the best set-based SQL for the
-- same state, the same aggregate in PL/pgSQL, and the accessors on a learner's
-- half year.
\set QUIET on
\if :{?rows} \else
\set rows 5000000
\endif
\if :{?rounds} \else
\set rounds 5
\endif
SET max_parallel_workers_per_gather = 0;
SET jit = off;
SET work_mem = '256MB';
SELECT set_config('bench.rounds', :'rounds', false) \g /dev/null

CREATE TEMP TABLE bench_row AS
SELECT (g % 24)::int AS hour, (g % 24)::text AS bucket, g % 97 / 97.0::float8 AS score, date '2024-01-01' + g % 180 AS day, g / 200 AS learner
FROM generate_series(1, :rows) g;
CREATE TEMP TABLE bench_tenth AS SELECT * FROM bench_row LIMIT :rows / 10;
VACUUM (ANALYZE) bench_row, bench_tenth;

-- the aggregate as PL/pgSQL would write it: count, sum and squared deviations of
-- 24 buckets in one array
CREATE FUNCTION pg_temp.plpgsql_accum(state float8[], bucket int, score float8) RETURNS float8[] LANGUAGE plpgsql IMMUTABLE STRICT AS $$
DECLARE
    at int := bucket * 3;
    n float8 := state[at + 1] + 1;
    total float8 := state[at + 2] + score;
BEGIN
    IF n > 1 THEN
        state[at + 3] := state[at + 3] + (score * n - total) ^ 2 / (n * (n - 1));
    END IF;
    state[at + 1] := n;
    state[at + 2] := total;
    RETURN state;
END $$;
SELECT format('CREATE AGGREGATE pg_temp.plpgsql_agg(bucket int, score float8) (SFUNC = pg_temp.plpgsql_accum, STYPE = float8[], INITCOND = %L)', array_fill(0, ARRAY[72])) \gexec

CREATE TEMP TABLE bench_query (id int, name text, statement text);
INSERT INTO bench_query VALUES
    (1, 'regr_slope(score, hour)', 'SELECT regr_slope(score, hour) FROM bench_row'),
    (2, 'pattern_agg(hour, score)', 'SELECT btwin.pattern_agg(hour, score) FROM bench_row'),
    (3, 'pattern_agg(text, score)', 'SELECT btwin.pattern_agg(bucket, score) FROM bench_row'),
    (4, 'pattern_agg(hour, score, day)', 'SELECT btwin.pattern_agg(hour, score, day) FROM bench_row'),
    (5, 'SQL: GROUP BY hour', 'SELECT array_agg(x) FROM (SELECT hour, count(*), sum(score), var_pop(score) * count(*) FROM bench_row GROUP BY hour) x'),
    (6, 'SQL: GROUP BY hour, day', 'SELECT array_agg(x) FROM (SELECT hour, day, count(*), sum(score), var_pop(score) * count(*) FROM bench_row GROUP BY hour, day) x'),
    (7, 'pattern_agg by learner', 'SELECT count(s) FROM (SELECT btwin.pattern_agg(hour, score, day) AS s FROM bench_row GROUP BY learner) x'),
    (8, 'SQL: by learner', 'SELECT count(s) FROM (SELECT array_agg(x) AS s FROM (SELECT learner, hour, day, count(*), sum(score), var_pop(score) * count(*) FROM bench_row GROUP BY learner, hour, day) x GROUP BY learner) y'),
    (9, 'PL/pgSQL aggregate (a tenth of the rows)', 'SELECT pg_temp.plpgsql_agg(hour, score) FROM bench_tenth'),
    (10, 'pattern_agg (the same tenth)', 'SELECT btwin.pattern_agg(hour, score) FROM bench_tenth');
CREATE TEMP TABLE bench_time (id int, round int, ms float8);
DO $$
DECLARE
    q record;
    began timestamptz;
BEGIN
    FOR round IN 0 .. current_setting('bench.rounds')::int LOOP
        FOR q IN SELECT * FROM bench_query ORDER BY id LOOP
            began := clock_timestamp();
            EXECUTE q.statement;
            -- the first round warms up
            IF round > 0 THEN
                INSERT INTO bench_time VALUES (q.id, round, extract(epoch FROM clock_timestamp() - began) * 1000);
            END IF;
        END LOOP;
    END LOOP;
END $$;
CREATE TEMP TABLE bench_median AS SELECT id, percentile_cont(0.5) WITHIN GROUP (ORDER BY ms) AS ms, min(ms) AS low, max(ms) AS high FROM bench_time GROUP BY id;
\pset title 'pattern, medians in ms'
SELECT name, round(ms::numeric, 1) AS ms, round(low::numeric, 1) AS low, round(high::numeric, 1) AS high FROM bench_query JOIN bench_median USING (id) ORDER BY id;
\pset title 'ratios'
SELECT what, round((a.ms / b.ms)::numeric, 2) AS ratio, needed
FROM (VALUES ('integer buckets over regr_slope', 2, 1, 'at most 3'), ('text buckets over regr_slope', 3, 1, 'at most 3'), ('with days over regr_slope', 4, 1, 'at most 3'),
             ('over the best SQL, per bucket', 2, 5, 'at most 1'), ('over the best SQL, per bucket and day', 4, 6, 'at most 1'), ('over the best SQL, by learner', 7, 8, 'at most 1'),
             ('PL/pgSQL over C', 9, 10, 'at least 5')) v(what, x, y, needed)
JOIN bench_median a ON a.id = x JOIN bench_median b ON b.id = y ORDER BY x;

\pset title 'accessors, microseconds a call (a learner of 150 sessions in half a year)'
CREATE TEMP TABLE bench_state AS
SELECT btwin.pattern_agg(g * 7919 % 24, (g * 104729 % 97) / 97.0, date '2024-01-01' + (g * 182 / 150)) AS hours,
       btwin.pattern_agg(CASE g % 4 WHEN 0 THEN 'lecture' WHEN 1 THEN 'flashcard' WHEN 2 THEN 'validation' ELSE 'clinical' END, (g * 104729 % 97) / 97.0, date '2024-01-01' + (g * 182 / 150)) AS contents,
       btwin.pattern_agg(5 * (1 + g * 7919 % 18), (g * 104729 % 97) / 97.0, date '2024-01-01' + (g * 182 / 150)) AS lengths
FROM generate_series(0, 149) g;
CREATE TEMP TABLE bench_call (name text, us float8);
DO $$
DECLARE
    q record;
    began timestamptz;
BEGIN
    FOR q IN SELECT * FROM (VALUES ('confidence, 4 buckets', 'SELECT count(btwin.confidence(contents, ''lecture'')) FROM bench_state, generate_series(1, 1000) g WHERE g > 0'),
                                   ('buckets, 24 hours', 'SELECT count(b) FROM bench_state, generate_series(1, 1000) g, LATERAL btwin.buckets(CASE WHEN g > 0 THEN hours END) b'),
                                   ('best_window, 3 of 24 hours', 'SELECT count(b) FROM bench_state, generate_series(1, 1000) g, LATERAL btwin.best_window(CASE WHEN g > 0 THEN hours END, 3) b'),
                                   ('best_limit, 18 lengths', 'SELECT count(b) FROM bench_state, generate_series(1, 1000) g, LATERAL btwin.best_limit(CASE WHEN g > 0 THEN lengths END) b')) v(name, statement) LOOP
        EXECUTE q.statement;
        began := clock_timestamp();
        EXECUTE q.statement;
        INSERT INTO bench_call VALUES (q.name, extract(epoch FROM clock_timestamp() - began) * 1000);
    END LOOP;
END $$;
SELECT name, round(us::numeric, 1) AS us FROM bench_call;
\pset title 'size'
SELECT pg_column_size(hours) AS state_bytes_150_sessions, pg_column_size(hours) / 150 AS per_session FROM bench_state;
