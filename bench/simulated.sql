-- Every family's aggregate over the rows of simulated learners, one state a
-- learner (cognitive load: a session), beside core's regr_slope over the same
-- groups (bar: at most 3) and the best set-based SQL for the same sums (bar: at
-- most 1). The other scripts draw rows of their own, as many as are asked for.
-- data: simulator
--   bench/run 2000 simulated     ROWS is here the number of learners (default 1000)
\set ON_ERROR_STOP on
\set QUIET on
SET jit = off;
SET max_parallel_workers_per_gather = 0;
SET work_mem = '512MB';
SET timezone = 'UTC';
\ir accuracy/lib/simulated.sql
CREATE UNLOGGED TABLE answer AS
SELECT user_id, session_id, card_id, reviewed_at AS at, reviewed_at::date AS day, extract(hour FROM reviewed_at)::int AS hour, time_spent_ms::float8 AS latency_ms,
       rating <> 'AGAIN' AS recalled, (rating <> 'AGAIN')::int::float8 AS score, rating AS arm, extract(epoch FROM reviewed_at)::float8 AS x,
       ARRAY[ln(1 + coalesce(stability_before, 0)), ln(greatest(time_spent_ms, 1)) - 8.7, extract(hour FROM reviewed_at)::float8 / 24] AS features
FROM sim.reviews ORDER BY user_id, session_id, reviewed_at;
VACUUM ANALYZE answer;
SELECT count(DISTINCT user_id) AS learners, count(DISTINCT session_id) AS sessions, count(*) AS answers FROM answer;

\echo pattern: scores by hour, a learner
SELECT * FROM bench.compare(ARRAY['pattern_agg(hour, score)', 'regr_slope', 'set-based SQL'], ARRAY[
    'SELECT count(s) FROM (SELECT btwin.pattern_agg(hour, score) AS s FROM answer GROUP BY user_id) q',
    'SELECT count(s) FROM (SELECT regr_slope(score, x) AS s FROM answer GROUP BY user_id) q',
    'SELECT count(s) FROM (SELECT user_id, hour, count(*) AS n, sum(score) AS s, sum(score * score) AS q FROM answer GROUP BY user_id, hour) q'], 5);
\echo forgetting: reviews of cards, a learner
SELECT * FROM bench.compare(ARRAY['forgetting_agg(card_id, at, recalled)', 'regr_slope', 'set-based SQL'], ARRAY[
    'SELECT count(s) FROM (SELECT btwin.forgetting_agg(card_id, at, recalled) AS s FROM answer GROUP BY user_id) q',
    'SELECT count(s) FROM (SELECT regr_slope(score, x) AS s FROM answer GROUP BY user_id) q',
    'SELECT count(*) FROM (SELECT user_id, n, l, bin, count(*), sum(score), sum(code) FROM (
         SELECT user_id, score, n, l, floor(4 * ln(gap) / ln(2::float8))::int AS bin, ln(gap) AS code FROM (
             SELECT user_id, score, (x - lag(x) OVER w + 1) / 86400 AS gap, row_number() OVER w AS n, sum(1 - score) OVER w AS l FROM answer WINDOW w AS (PARTITION BY card_id ORDER BY x)) a
         WHERE gap IS NOT NULL) b GROUP BY user_id, n, l, bin) q'], 5);
\echo cognitive load: a session
SELECT * FROM bench.compare(ARRAY['cognitive_load_agg(at, latency_ms, correct)', 'regr_slope'], ARRAY[
    'SELECT count(s) FROM (SELECT btwin.cognitive_load_agg(at, latency_ms, recalled) AS s FROM answer GROUP BY session_id) q',
    'SELECT count(s) FROM (SELECT regr_slope(latency_ms, x) AS s FROM answer GROUP BY session_id) q'], 5);
\echo burnout: days, a learner
SELECT * FROM bench.compare(ARRAY['burnout_agg(day, study_ms, load, retention, ...)', 'regr_slope', 'set-based SQL'], ARRAY[
    'SELECT count(s) FROM (SELECT btwin.burnout_agg(day, least(latency_ms, 600000), NULL, score, NULL, NULL) AS s FROM answer GROUP BY user_id) q',
    'SELECT count(s) FROM (SELECT regr_slope(score, x) AS s FROM answer GROUP BY user_id) q',
    'SELECT count(*) FROM (SELECT user_id, day, count(latency_ms), sum(least(latency_ms, 600000)), count(NULL::float8), sum(NULL::float8), count(score), sum(score),
         count(NULL::int), sum(NULL::int), count(NULL::int), sum(NULL::int) FROM answer GROUP BY user_id, day) q'], 5);
\echo bandit: rewards of arms, a learner
SELECT * FROM bench.compare(ARRAY['bandit_agg(arm, reward)', 'regr_slope', 'set-based SQL'], ARRAY[
    'SELECT count(s) FROM (SELECT btwin.bandit_agg(arm, score) AS s FROM answer GROUP BY user_id) q',
    'SELECT count(s) FROM (SELECT regr_slope(score, x) AS s FROM answer GROUP BY user_id) q',
    'SELECT count(*) FROM (SELECT user_id, arm, count(*), sum(score), sum(score * score), min(score), max(score) FROM answer GROUP BY user_id, arm) q'], 5);
\echo struggle: a step of training on three features
SELECT * FROM bench.compare(ARRAY['logit_step_agg(y, x, beta)', 'regr_slope', 'set-based SQL'], ARRAY[
    'SELECT btwin.logit_step_agg(NOT recalled, features, ''{-1.5,-0.2,0.3,0.1}'') FROM answer',
    'SELECT regr_slope(score, x) FROM answer',
    'SELECT sum(r), sum(r * x1), sum(r * x2), sum(r * x3), sum(w), sum(w * x1), sum(w * x2), sum(w * x3), sum(w * x1 * x1), sum(w * x1 * x2), sum(w * x1 * x3), sum(w * x2 * x2), sum(w * x2 * x3), sum(w * x3 * x3), sum(l)
     FROM (SELECT x1, x2, x3, CASE WHEN y THEN 1 - p ELSE -p END AS r, p * (1 - p) AS w, ln(CASE WHEN y THEN p ELSE 1 - p END) AS l
           FROM (SELECT y, x1, x2, x3, 1 / (1 + exp(1.5 + 0.2 * x1 - 0.3 * x2 - 0.1 * x3)) AS p
                 FROM (SELECT NOT recalled AS y, features[1] AS x1, features[2] AS x2, features[3] AS x3 FROM answer OFFSET 0) f OFFSET 0) q OFFSET 0) q'], 5);
