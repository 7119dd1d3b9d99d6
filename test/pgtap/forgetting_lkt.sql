-- The forgetting curve on real learners: 382 people practised 36 facts and were
-- tested after a random delay of minutes to weeks (LKT practice experiment,
-- DataShop 5513). The first answer after the delay is predicted from practice
-- alone. Training learners choose the population and the items; the others are
-- scored once. Base rate 0.472; on the same split and answers (log loss):
--   exponential half-life from counts, 3 parameters       0.6755
--   exponential half-life, 7 features                     0.6097
--   power curve pinned at 1, 7 features                   0.8024
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS btwin;
\getenv data BTWIN_DATA
\if :{?data}
SELECT plan(6);
CREATE TEMP TABLE trial (user_id text, session_id text, item_id text, topic_id text, shown_at timestamptz, answered_at timestamptz,
    outcome text, time_spent_ms int, first_key_ms int, feedback_ms int, input text, phase text, practice_condition text);
\set copy '\\copy trial FROM PROGRAM ''gzip -dc ' :data '/lkt/reviews.csv.gz'' WITH (FORMAT csv, HEADER)'
:copy
CREATE TEMP TABLE split (user_id text, split text);
\set copy '\\copy split FROM ''' :data '/baselines/splits/lkt_users.csv'' WITH (FORMAT csv, HEADER)'
:copy

-- answers in practice and the first one of the test; a fact only shown is not an answer
CREATE TEMP TABLE answer AS
SELECT user_id, topic_id, item_id, shown_at, recalled, test, train,
       row_number() OVER b AS place, extract(epoch FROM shown_at - lag(shown_at) OVER b)::float8 / 86400 AS days
FROM (SELECT t.user_id, topic_id, item_id, shown_at, outcome = 'CORRECT' AS recalled, phase = 'Posttest' AS test, split = 'train' AS train,
             row_number() OVER (PARTITION BY t.user_id, topic_id, phase ORDER BY shown_at) AS number
      FROM trial t JOIN split USING (user_id) WHERE outcome <> 'STUDY') x
WHERE NOT test OR number = 1
WINDOW b AS (PARTITION BY user_id, topic_id ORDER BY shown_at);
CREATE TEMP TABLE gap AS
SELECT *, count(*) FILTER (WHERE recalled AND place > 1) OVER w AS s, count(*) FILTER (WHERE NOT recalled AND place > 1) OVER w AS l
FROM answer WINDOW w AS (PARTITION BY user_id, topic_id ORDER BY shown_at ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING);

CREATE TEMP TABLE learner AS
SELECT user_id, train, btwin.forgetting_agg(topic_id, shown_at, recalled) AS whole,
       coalesce(btwin.forgetting_agg(topic_id, shown_at, recalled) FILTER (WHERE NOT test), btwin.forgetting_agg(NULL::float8, NULL::boolean)) AS practice
FROM answer GROUP BY user_id, train;
CREATE TEMP TABLE item AS
SELECT item_id, btwin.forgetting_agg(days, recalled, s::int, l::int) AS s FROM gap WHERE train AND place > 1 GROUP BY item_id;
CREATE TEMP TABLE prior AS
SELECT (SELECT btwin.forgetting_prior_agg(whole) FROM learner WHERE train) AS learner, (SELECT btwin.forgetting_prior_agg(s) FROM item) AS item;

CREATE TEMP TABLE predicted AS
SELECT g.user_id, g.recalled::int AS y,
       CASE WHEN place = 1 THEN base ELSE btwin.retention(practice, days, g.s::int, g.l::int) END AS plain,
       CASE WHEN place = 1 THEN base ELSE btwin.retention(practice, days, g.s::int, g.l::int, prior => prior.learner) END AS population,
       CASE WHEN place = 1 THEN base ELSE btwin.retention(practice, days, g.s::int, g.l::int, item.s, prior.learner, prior.item) END AS joint
FROM gap g JOIN learner USING (user_id) LEFT JOIN item USING (item_id) CROSS JOIN prior
CROSS JOIN (SELECT avg(recalled::int)::float8 AS base FROM gap WHERE train AND test AND place = 1) b
WHERE g.test AND NOT g.train;
CREATE TEMP TABLE score AS
SELECT count(*) AS answers, avg(-ln(CASE y WHEN 1 THEN plain ELSE 1 - plain END)) AS plain, avg(-ln(CASE y WHEN 1 THEN population ELSE 1 - population END)) AS population,
       avg(-ln(CASE y WHEN 1 THEN joint ELSE 1 - joint END)) AS joint, avg((y - joint) ^ 2) AS brier, avg(y) AS base,
       abs(avg(y) - avg(population)) AS bias
FROM predicted;
SELECT is(answers, 1368::bigint, 'every first answer of the test learners is scored') FROM score;
SELECT cmp_ok(plain, '<', 0.6755::float8, 'default prior, learner alone: log loss ' || round(plain::numeric, 4)) FROM score;
SELECT cmp_ok(population, '<', plain, 'the population of the training learners is better: ' || round(population::numeric, 4)) FROM score;
SELECT cmp_ok(joint, '<', 0.6097::float8, 'with the items of the training learners: ' || round(joint::numeric, 4) || ', Brier ' || round(brier::numeric, 4)) FROM score;
SELECT cmp_ok(bias, '<', 0.05::float8, 'mean prediction is off by ' || round(bias::numeric, 3) || ' (a curve pinned at 1: 0.16)') FROM score;
SELECT cmp_ok(1 / (1 + exp(-(learner).logit_amplitude)), '<', 0.8::float8, 'amplitude of material that was never mastered: ' || round((1 / (1 + exp(-(learner).logit_amplitude)))::numeric, 2)) FROM prior;
SELECT * FROM finish();
\else
SELECT plan(1);
SELECT skip('BTWIN_DATA is not set');
SELECT * FROM finish();
\endif
