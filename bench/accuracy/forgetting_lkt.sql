-- runs on: data
-- The forgetting curve on real learners: 382 people practised 36 facts and were
-- tested after a random delay of minutes to weeks (LKT practice experiment,
-- DataShop 5513). The first answer after the delay is predicted from practice
-- alone; the learners of the test split are judged.
--
-- psql variable: data, the folder of BTWIN_DATA (lkt/, baselines/splits/).
--   default        learner and item (retention(..., item => ...)), both with the
--                  populations of the training learners as priors
--   learner        retention() with the population of the training learners
--   default prior  retention() as it is, nothing known but the learner's practice
--   epic5          the reference's default curve exp(-0.14 days); its fit needs
--                  scheduler states, which the log does not have
--   naive          the item's rate in training and the learner's rate in
--                  practice, added in logits
--   constant       the training learners' rate
-- Bars: exponential half-lives fitted to the same answers have a log loss of
-- 0.6755 (3 parameters) and 0.6097 (7 features), a power curve pinned at 1 of
-- 0.8024 (7 features).
\set ON_ERROR_STOP on
\set QUIET on
BEGIN;
SET LOCAL jit = off;
SET LOCAL client_min_messages = warning;
CREATE TEMP TABLE trial (user_id text, session_id text, item_id text, topic_id text, shown_at timestamptz, answered_at timestamptz,
    outcome text, time_spent_ms int, first_key_ms int, feedback_ms int, input text, phase text, practice_condition text) ON COMMIT DROP;
\set copy '\\copy trial FROM PROGRAM ''gzip -dc ' :data '/lkt/reviews.csv.gz'' WITH (FORMAT csv, HEADER)'
:copy
CREATE TEMP TABLE split (user_id text, split text) ON COMMIT DROP;
\set copy '\\copy split FROM ''' :data '/baselines/splits/lkt_users.csv'' WITH (FORMAT csv, HEADER)'
:copy

-- answers in practice and the first one of the test; a fact only shown is not an answer
CREATE TEMP TABLE gap ON COMMIT DROP AS
SELECT *, count(*) FILTER (WHERE recalled AND place > 1) OVER w AS s, count(*) FILTER (WHERE NOT recalled AND place > 1) OVER w AS l
FROM (SELECT user_id, topic_id, item_id, shown_at, recalled, test, train,
             row_number() OVER b AS place, extract(epoch FROM shown_at - lag(shown_at) OVER b)::float8 / 86400 AS days
      FROM (SELECT t.user_id, topic_id, item_id, shown_at, outcome = 'CORRECT' AS recalled, phase = 'Posttest' AS test, split = 'train' AS train,
                   row_number() OVER (PARTITION BY t.user_id, topic_id, phase ORDER BY shown_at) AS number
            FROM trial AS t JOIN split USING (user_id) WHERE outcome <> 'STUDY') AS x
      WHERE NOT test OR number = 1
      WINDOW b AS (PARTITION BY user_id, topic_id ORDER BY shown_at)) AS answer
WINDOW w AS (PARTITION BY user_id, topic_id ORDER BY shown_at ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING);
CREATE TEMP TABLE learner ON COMMIT DROP AS
SELECT user_id, train, btwin.forgetting_agg(topic_id, shown_at, recalled) AS whole, avg(recalled::int) FILTER (WHERE NOT test)::float8 AS rate, count(*) FILTER (WHERE NOT test) AS answers,
       coalesce(btwin.forgetting_agg(topic_id, shown_at, recalled) FILTER (WHERE NOT test), btwin.forgetting_agg(NULL::float8, NULL::boolean)) AS practice
FROM gap GROUP BY user_id, train;
CREATE TEMP TABLE item ON COMMIT DROP AS
SELECT item_id, btwin.forgetting_agg(days, recalled, s::int, l::int) FILTER (WHERE place > 1) AS state, (sum((recalled AND test)::int) + 5 * base) / (sum(test::int) + 5) AS rate, base
FROM gap CROSS JOIN (SELECT avg(recalled::int)::float8 AS base FROM gap WHERE train AND test) AS b WHERE train GROUP BY item_id, base;
CREATE TEMP TABLE prior ON COMMIT DROP AS
SELECT (SELECT btwin.forgetting_prior_agg(whole) FROM learner WHERE train) AS learner, (SELECT btwin.forgetting_prior_agg(state) FROM item) AS item;

INSERT INTO accuracy.claim (family, product, method, data, seed, learner, p, y)
SELECT 'forgetting', 'posttest', method, 'lkt', 0, user_id, p, recalled
FROM (SELECT g.*, c.base, practice, prior.*, i.state, i.rate AS item_rate,
             (l.rate * answers + 5 * practised) / (answers + 5) AS own_rate, practised,
             (SELECT avg(recalled::int)::float8 FROM gap WHERE train AND test AND place = 1) AS unseen
      FROM gap AS g JOIN learner AS l USING (user_id) LEFT JOIN item AS i USING (item_id) CROSS JOIN prior
      CROSS JOIN (SELECT avg(recalled::int) FILTER (WHERE test)::float8 AS base, avg(recalled::int) FILTER (WHERE NOT test)::float8 AS practised FROM gap WHERE train) AS c
      WHERE g.test AND NOT g.train) AS g
CROSS JOIN LATERAL (
    -- a fact never answered before has no elapsed time: the training learners' rate for such facts
    VALUES ('default', CASE WHEN place = 1 THEN unseen ELSE btwin.retention(practice, days, s::int, l::int, state, learner, item) END),
           ('learner', CASE WHEN place = 1 THEN unseen ELSE btwin.retention(practice, days, s::int, l::int, prior => learner) END),
           ('default prior', CASE WHEN place = 1 THEN unseen ELSE btwin.retention(practice, days, s::int, l::int) END),
           ('epic5', CASE WHEN place = 1 THEN unseen ELSE greatest(0.0001, least(0.9999, (btwin.epic5_forgetting_prediction(1, 0.14, days)).current_retention)) END),
           ('naive', 1 / (1 + exp(-(ln(item_rate / (1 - item_rate)) + ln(own_rate / (1 - own_rate)) - ln(practised / (1 - practised)))))),
           ('constant', base)) AS m (method, p);
INSERT INTO accuracy.bar (family, product, method, data, figure, at_most, source)
VALUES ('forgetting', 'posttest', 'default', 'lkt', 'log_loss', 0.6097, 'exponential half-life, 7 features'),
       ('forgetting', 'posttest', 'learner', 'lkt', 'log_loss', 0.6755, 'exponential half-life, 3 parameters'),
       ('forgetting', 'posttest', 'default prior', 'lkt', 'log_loss', 0.6755, 'exponential half-life, 3 parameters');
COMMIT;
