-- runs on: simulator
-- How well the load of a session tells the simulator's load, beside the rules
-- of the reference, a constant, a naive method and what no method can pass.
--
-- Reads the draw in schema "sim"; psql variable: seed. Every session is
-- scored against the baseline of the learner's sessions that began before it.
-- Judged are the sessions of which the simulator wrote a load (70 %) and whose
-- length is known (92 %).
--   correlation  with the simulated load, over all judged sessions of the seed
--   rmse, bias   of the score against it, in points
--   covers       share of sessions whose load lies in the 95 % interval
-- naive: a T score, 50 + 10 times the mean of the z scores of mean latency, error
-- rate and minutes against the learner's earlier sessions (50 without them).
-- ideal: the truth without its noise, as a function of minutes and errors;
-- nothing that does not know the hidden episodes passes it by much.
\set ON_ERROR_STOP on
\set QUIET on
BEGIN;
SET LOCAL jit = off;
SET LOCAL work_mem = '256MB';
CREATE TEMP TABLE session ON COMMIT DROP AS
SELECT s.id, s.user_id, s.started_at, s.duration_ms / 60000 AS minutes, btwin.cognitive_load_agg(reviewed_at, time_spent_ms, rating <> 'AGAIN') AS load,
       avg((rating = 'AGAIN')::int::float8) AS error_rate, avg(time_spent_ms) AS mean_ms, array_agg(time_spent_ms ORDER BY reviewed_at) AS latencies,
       array_agg((rating <> 'AGAIN')::int::float8 ORDER BY reviewed_at) AS scores
FROM sim.study_sessions s JOIN sim.reviews r ON r.session_id = s.id WHERE s.duration_ms IS NOT NULL GROUP BY s.id, s.user_id, s.started_at, s.duration_ms;
CREATE TEMP TABLE past ON COMMIT DROP AS
SELECT session.*, btwin.rollup(btwin.baseline(load)) OVER earlier AS baseline, btwin.rollup(btwin.baseline(load, minutes)) OVER earlier AS baseline_of_minutes,
       avg(mean_ms) OVER earlier AS usual_ms, 1 - avg(error_rate) OVER earlier AS usual_score, avg(error_rate) OVER (PARTITION BY user_id) AS own_error_rate,
       (mean_ms - avg(mean_ms) OVER earlier) / nullif(stddev_samp(mean_ms) OVER earlier, 0) AS z_latency,
       (error_rate - avg(error_rate) OVER earlier) / nullif(stddev_samp(error_rate) OVER earlier, 0) AS z_errors,
       (minutes - avg(minutes) OVER earlier) / nullif(stddev_samp(minutes) OVER earlier, 0) AS z_minutes
FROM session WINDOW earlier AS (PARTITION BY user_id ORDER BY started_at ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING);

CREATE TEMP TABLE scored ON COMMIT DROP AS
WITH answer AS (
    SELECT id, 'default' AS method, s.value, s.low, s.high FROM past, btwin.load_score(load, baseline) AS s
    UNION ALL SELECT id, 'default, length given', s.value, s.low, s.high FROM past, btwin.load_score(load, baseline_of_minutes, minutes) AS s
    UNION ALL SELECT id, 'epic5, own baseline', s.load_score, NULL, NULL FROM past, btwin.epic5_cognitive_load(latencies, error_rate, scores, minutes, NULL, NULL, usual_ms, usual_score) AS s
    UNION ALL SELECT id, 'epic5', s.load_score, NULL, NULL FROM past, btwin.epic5_cognitive_load(latencies, error_rate, scores, minutes) AS s
    UNION ALL SELECT id, 'constant', 35, NULL, NULL FROM past
    UNION ALL SELECT id, 'naive', greatest(0, least(100, 50 + 10 * coalesce((z_latency + z_errors + z_minutes) / 3, 0))), NULL, NULL FROM past
    UNION ALL SELECT id, 'ideal', least(100, 35 + 20 * greatest(minutes - 45, 0) / 30 + 25 * greatest(error_rate - own_error_rate, 0)), NULL, NULL FROM past
)
SELECT method, count(*) AS n, coalesce(corr(value, load_score), 0) AS correlation, sqrt(avg((value - load_score) ^ 2)) AS rmse,
       avg(value - load_score) AS bias, avg((load_score BETWEEN low AND high)::int)::float8 AS covers
FROM answer JOIN sim.cognitive_load_metrics ON session_id = answer.id GROUP BY method;

INSERT INTO accuracy.figure (family, product, method, data, seed, figure, value, n)
SELECT 'load', 'session load', method, 'simulator', :seed, f.figure, f.value, n
FROM scored CROSS JOIN LATERAL (VALUES ('correlation', correlation), ('rmse', rmse), ('bias', bias), ('covers', covers)) AS f (figure, value)
WHERE f.value IS NOT NULL;
INSERT INTO accuracy.figure (family, product, method, data, seed, figure, value, n)
SELECT 'load', 'session load', 'default', 'simulator', :seed, 'correlation_above_epic5', max(correlation) FILTER (WHERE method = 'default') - max(correlation) FILTER (WHERE method LIKE 'epic5%'), max(n)
FROM scored;
INSERT INTO accuracy.bar (family, product, method, data, figure, at_least, at_most, source)
VALUES ('load', 'session load', 'default', 'simulator', 'correlation', 0.6, NULL, 'doc/load.md'),
       ('load', 'session load', 'default', 'simulator', 'correlation_above_epic5', 0, NULL, 'doc/load.md'),
       ('load', 'session load', 'default', 'simulator', 'covers', 0.93, 0.99, 'doc/load.md');
COMMIT;
