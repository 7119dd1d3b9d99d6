-- runs on: simulator
-- How well the untrained prior model tells whether a learner will struggle with
-- an objective, beside the reference's rule, a constant and a naive method.
--
-- Reads the draw in schemas "sim" and "truth"; psql variable: seed. Every
-- (learner, objective) of the learners of even number is asked twice, from the
-- rows before the moment:
--   first study      the start of the session in which the objective is first
--                    reviewed
--   two weeks later  14 days after that (where the data go on so long)
-- The features are those an application computes (examples/demo/struggle.sql):
-- mastery is the mean chance of recall of the objective's cards, by the default
-- forgetting curve, 0 for cards never seen; for complexity_mismatch 0.5 where none
-- of an objective's cards has been seen (2.11). What no table tells is NULL.
--   default   struggle_probability(features): no training, the built-in rate
--   default, own rate  the same, told the rate of the learners of odd number
--   epic5     the reference's web rule on the same features, its defaults for
--             NULL, cut to 0.01 to 0.99
--   naive     mean of the known ones of prerequisite gap, complexity, load, lapse
--             rate and 1 - session performance
--   constant  the seed's own rate, which no method is told
--   ideal     the true probability
-- unknown_probability: what default and epic5 say of a learner of whom nothing is
-- known (the reference then takes 0.5 for all, 1 for the days until an exam);
-- unknown_less_rate: that less the seed's rate.
\set ON_ERROR_STOP on
\set QUIET on
BEGIN;
SET LOCAL jit = off;
SET LOCAL work_mem = '256MB';
CREATE TEMP TABLE review ON COMMIT DROP AS
SELECT user_id, objective_id, card_id, session_id, reviewed_at, recalled,
       count(*) FILTER (WHERE recalled AND place > 1) OVER upto AS successes, count(*) FILTER (WHERE NOT recalled AND place > 1) OVER upto AS lapses
FROM (SELECT r.user_id, c.objective_id, r.card_id, r.session_id, r.reviewed_at, r.rating <> 'AGAIN' AS recalled,
             row_number() OVER (PARTITION BY r.card_id ORDER BY r.reviewed_at) AS place
      FROM sim.reviews AS r JOIN sim.cards AS c ON c.id = r.card_id WHERE substr(r.user_id, 2)::int % 2 = 0) AS r
WINDOW upto AS (PARTITION BY card_id ORDER BY reviewed_at ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW);
CREATE TEMP TABLE session ON COMMIT DROP AS
SELECT s.user_id, s.started_at, s.completed_at, g.good
FROM sim.study_sessions AS s JOIN (SELECT session_id, avg((rating IN ('GOOD', 'EASY'))::int)::float8 AS good FROM sim.reviews GROUP BY session_id) AS g ON g.session_id = s.id
WHERE s.completed_at IS NOT NULL;
CREATE TEMP TABLE load ON COMMIT DROP AS SELECT user_id, "timestamp" AS at, load_score FROM sim.cognitive_load_metrics;
CREATE TEMP TABLE metric ON COMMIT DROP AS SELECT learning_objective_id AS objective_id, date AS at, retention_score FROM sim.performance_metrics;
CREATE INDEX ON session (user_id, started_at);
CREATE INDEX ON load (user_id, at);
ANALYZE review, session, load, metric;

CREATE TEMP TABLE moment ON COMMIT DROP AS
SELECT product, t.user_id, t.objective_id, f.at + later AS at, t.probability, t.struggled,
       CASE o.complexity WHEN 'BASIC' THEN 0.3 WHEN 'INTERMEDIATE' THEN 0.6 ELSE 0.9 END::float8 AS complexity, q.prerequisite_id
FROM truth.objective AS t
JOIN (SELECT r.objective_id, min(s.started_at) AS at FROM review AS r JOIN sim.study_sessions AS s ON s.id = r.session_id GROUP BY r.objective_id) AS f USING (objective_id)
JOIN sim.learning_objectives AS o ON o.id = t.objective_id
LEFT JOIN sim.objective_prerequisites AS q ON q.objective_id = t.objective_id
CROSS JOIN (VALUES ('first study', interval '0'), ('two weeks later', interval '14 days')) AS p (product, later)
WHERE f.at + later <= (SELECT max(started_at) FROM sim.study_sessions);
ANALYZE moment;

-- How well an objective is known at the moment: its own, and its prerequisite's.
-- Reviews and lapse rate of the last 30 days.
CREATE TEMP TABLE known ON COMMIT DROP AS
SELECT product, objective_id, known_id,
       sum(btwin.retention(nothing, extract(epoch FROM at - reviewed_at)::float8 / 86400, successes::int, lapses::int)) FILTER (WHERE newest = 1)
           / min(cards) AS mastery,
       avg((NOT recalled)::int) FILTER (WHERE reviewed_at >= at - interval '30 days')::float8 AS lapse_rate
FROM (SELECT w.*, r.reviewed_at, r.recalled, r.successes, r.lapses, row_number() OVER (PARTITION BY w.product, w.objective_id, r.card_id ORDER BY r.reviewed_at DESC) AS newest
      FROM (SELECT product, objective_id, objective_id AS known_id, at FROM moment
            UNION ALL SELECT product, objective_id, prerequisite_id, at FROM moment WHERE prerequisite_id IS NOT NULL) AS w
      JOIN review AS r ON r.objective_id = w.known_id AND r.reviewed_at < w.at) AS r
JOIN (SELECT objective_id AS known_id, count(*) AS cards FROM sim.cards GROUP BY objective_id) AS c USING (known_id)
CROSS JOIN (SELECT btwin.forgetting_agg(NULL::float8, NULL::boolean) AS nothing) AS e
GROUP BY product, objective_id, known_id;
CREATE TEMP TABLE metrics ON COMMIT DROP AS
SELECT product, objective_id, avg(retention_score) AS retention,
       -- not before the oldest and the newest three days are six
       CASE WHEN count(*) >= 6 THEN greatest(0, least(1, 0.5 + avg(retention_score) FILTER (WHERE oldest <= 3) - avg(retention_score) FILTER (WHERE newest <= 3))) END AS decline
FROM (SELECT m.product, m.objective_id, p.retention_score, row_number() OVER (w ORDER BY p.at) AS oldest, row_number() OVER (w ORDER BY p.at DESC) AS newest
      -- the row of a day counts the whole day
      FROM moment AS m JOIN metric AS p ON p.objective_id = m.objective_id AND p.at < m.at - interval '1 day' AND p.at >= m.at - interval '30 days'
      WINDOW w AS (PARTITION BY m.product, m.objective_id)) AS p
GROUP BY product, objective_id;
ANALYZE known, metrics;

CREATE TEMP TABLE feature ON COMMIT DROP AS
SELECT m.*, btwin.struggle_vector(
           retention_score => metrics.retention, retention_decline_rate => metrics.decline, review_lapse_rate => own.lapse_rate,
           session_performance_score => s.good, prerequisite_gap_count => g.few, prerequisite_mastery_gap => g.gap,
           content_complexity => m.complexity, complexity_mismatch => greatest(0, m.complexity - coalesce(own.mastery, 0.5)),
           cognitive_load_indicator => l.load, days_since_last_study => d.days) AS x,
       (g.gap + m.complexity + coalesce(l.load, 0) + coalesce(own.lapse_rate, 0) + coalesce(1 - s.good, 0))
           / (2 + (l.load IS NOT NULL)::int + (own.lapse_rate IS NOT NULL)::int + (s.good IS NOT NULL)::int) AS naive
FROM moment AS m
LEFT JOIN known AS own ON own.product = m.product AND own.objective_id = m.objective_id AND own.known_id = m.objective_id
LEFT JOIN known AS before ON before.product = m.product AND before.objective_id = m.objective_id AND before.known_id = m.prerequisite_id
LEFT JOIN metrics ON metrics.product = m.product AND metrics.objective_id = m.objective_id
CROSS JOIN LATERAL (SELECT CASE WHEN m.prerequisite_id IS NULL THEN 0 ELSE 1 - coalesce(before.mastery, 0) END AS gap,
                           CASE WHEN m.prerequisite_id IS NULL THEN 0 ELSE (coalesce(before.mastery, 0) < 0.5)::int END AS few) AS g
CROSS JOIN LATERAL (SELECT avg(good) AS good
                    FROM (SELECT good FROM session WHERE session.user_id = m.user_id AND started_at < m.at AND started_at >= m.at - interval '7 days'
                          ORDER BY started_at DESC LIMIT 5) AS latest) AS s
CROSS JOIN LATERAL (SELECT avg(load_score) / 100 AS load FROM load WHERE load.user_id = m.user_id AND load.at < m.at AND load.at >= m.at - interval '7 days') AS l
CROSS JOIN LATERAL (SELECT CASE WHEN count(*) > 0 THEN least(1, extract(epoch FROM m.at - max(started_at)) / 86400 / 30) END::float8 AS days
                    FROM session WHERE session.user_id = m.user_id AND started_at < m.at) AS d;

INSERT INTO accuracy.claim (family, product, method, data, seed, learner, p, y)
SELECT 'struggle', product, c.method, 'simulator', :seed, user_id, c.p, struggled
FROM feature CROSS JOIN (SELECT avg(struggled::int)::float8 AS rate FROM truth.objective WHERE substr(user_id, 2)::int % 2 = 1) AS other
CROSS JOIN LATERAL (VALUES ('default', btwin.struggle_probability(x)), ('default, own rate', btwin.struggle_probability(x, other.rate)), ('epic5', greatest(0.01, least(0.99, (btwin.epic5_struggle(x)).probability))),
                                        ('naive', greatest(0.01, least(0.99, naive))), ('ideal', probability)) AS c (method, p)
UNION ALL
SELECT 'struggle', product, 'constant', 'simulator', :seed, user_id, avg(struggled::int) OVER (PARTITION BY product), struggled FROM feature;
INSERT INTO accuracy.figure (family, product, method, data, seed, figure, value, n)
SELECT 'struggle', 'unknown learner', a.method, 'simulator', :seed, f.figure, f.value, 1
FROM (SELECT avg(struggled::int)::float8 AS rate FROM truth.objective) AS t
CROSS JOIN (VALUES ('default', btwin.struggle_probability(btwin.struggle_vector())), ('epic5', (btwin.epic5_struggle(array_fill(0.5::float8, ARRAY[12]) || '{1,0.5,0.5}')).probability)) AS a (method, p)
CROSS JOIN LATERAL (VALUES ('unknown_probability', p), ('unknown_less_rate', p - rate)) AS f (figure, value);
INSERT INTO accuracy.bar (family, product, method, data, figure, at_least, at_most, errors, source)
VALUES ('struggle', 'first study', 'default', 'simulator', 'log_loss_difference', NULL, 0, 0, 'doc/struggle.md'),
       ('struggle', 'two weeks later', 'default', 'simulator', 'log_loss_difference', NULL, 0, 0, 'doc/struggle.md'),
       ('struggle', 'unknown learner', 'default', 'simulator', 'unknown_probability', NULL, 0.5, 0, 'doc/struggle.md'),
       ('struggle', 'unknown learner', 'default', 'simulator', 'unknown_less_rate', -0.01, 0.01, 2, 'doc/struggle.md');
COMMIT;
