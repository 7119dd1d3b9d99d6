-- The forgetting curve against the simulator's truth: half-lives of learners
-- and the chance of recall of every review, from past reviews only.
--   psql -v folder=DIR [-v learners=100] -f test/sim/forgetting.sql
-- DIR: what test/sim/simulate wrote. Learners of odd number are the population
-- from which priors and items are estimated, those of even number are judged
-- ("learners": how many of them for recall).
\set ON_ERROR_STOP on
\set QUIET on
\if :{?folder} \else
\warn 'forgetting.sql: pass the folder: psql -v folder=... -f forgetting.sql'
\quit
\endif
\if :{?learners} \else
\set learners 100
\endif
\pset format aligned
SET work_mem = '128MB';
SET jit = off;
CREATE TEMP TABLE raw (id text, user_id text, card_id text, session_id text, rating text, ms float8, at timestamptz, before float8, after float8);
\set copy '\\copy raw FROM ''' :folder '/reviews.tsv'''
:copy
CREATE TEMP TABLE truth_review (id text, user_id text, probability float8);
\set copy '\\copy truth_review FROM ''' :folder '/truth_review.tsv'''
:copy
CREATE TEMP TABLE truth_learner (user_id text, rate float8, factor float8, half_life float8, ability float8, start int, days int, withdrawn int, zone text);
\set copy '\\copy truth_learner FROM ''' :folder '/truth_learner.tsv'''
:copy
CREATE TEMP TABLE review AS
SELECT id, substr(user_id, 2)::int AS u, split_part(card_id, ':', 2) AS item, at, rating <> 'AGAIN' AS recalled,
       floor(extract(epoch FROM at - '2026-01-05 00:00Z') / 604800)::int AS week FROM raw;
ANALYZE review;
DROP TABLE raw;

\echo states ...
CREATE TEMP TABLE week AS SELECT u, week, btwin.forgetting_agg(item, at, recalled) AS s FROM review GROUP BY u, week;
CREATE TEMP TABLE until AS
SELECT u, weeks, btwin.seal(btwin.rollup(s)) AS s FROM week, unnest('{4,13,26}'::int[]) weeks WHERE week < weeks GROUP BY u, weeks;
CREATE TEMP TABLE item AS SELECT item, btwin.forgetting_agg(u::text, at, recalled) AS s FROM review WHERE u % 2 = 1 GROUP BY item;
\echo population ...
CREATE TEMP TABLE prior AS
SELECT 'default' AS name, btwin.forgetting_prior_default() AS p, btwin.forgetting_prior_default() AS item_p
UNION ALL SELECT 'population', (SELECT btwin.forgetting_prior_agg(s) FROM until WHERE u % 2 = 1 AND weeks = 26), (SELECT btwin.forgetting_prior_agg(s) FROM item);
SELECT name, round(exp((p).ln_half_life)::numeric, 1) AS half_life, round((p).ln_half_life_sd::numeric, 2) AS sd, round(exp((p).ln_growth)::numeric, 2) AS growth, round(exp((p).ln_loss)::numeric, 2) AS loss,
       round((1 / (1 + exp(-(p).logit_amplitude)))::numeric, 3) AS amplitude, round(exp((item_p).ln_half_life)::numeric, 1) AS item_half_life, round((item_p).ln_half_life_sd::numeric, 2) AS item_sd FROM prior;

\echo half-life of the learner: rank correlation with the truth, cover of the 90 % interval, mean error and error in log days
SELECT name, weeks, count(*) AS learners, round(corr(r1, r2)::numeric, 3) AS spearman, round(avg((truth BETWEEN low AND high)::int)::numeric, 3) AS cover,
       round(avg(ln(found / truth))::numeric, 3) AS bias, round(sqrt(avg(ln(found / truth) ^ 2))::numeric, 3) AS rmse, round(avg(confidence)::numeric, 2) AS confidence,
       round(avg(bytes)) AS sealed_bytes, round(avg(reviews)) AS reviews
FROM (SELECT name, weeks, t.half_life AS truth, c.half_life AS found, c.half_life_low AS low, c.half_life_high AS high, c.confidence, length(btwin.forgetting_send(s)) AS bytes, c.evidence_count AS reviews,
             rank() OVER (PARTITION BY name, weeks ORDER BY t.half_life) AS r1, rank() OVER (PARTITION BY name, weeks ORDER BY c.half_life) AS r2
      FROM until JOIN truth_learner t ON t.user_id = 'l' || u, prior, LATERAL btwin.curve(s, 0.9, p) c
      WHERE u % 2 = 0) x
GROUP BY name, weeks ORDER BY name, weeks;

\echo recall of every review, learner known up to the week before
CREATE TEMP TABLE past AS
SELECT u, week, btwin.rollup(s) OVER (PARTITION BY u ORDER BY week ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS s
FROM week WHERE u % 2 = 0 AND u <= 2 * :learners;
UPDATE past SET s = (SELECT btwin.forgetting_agg(NULL::float8, NULL::boolean)) WHERE s IS NULL;
CREATE TEMP TABLE target AS
SELECT r.u, r.week, r.item, r.recalled::int AS y, t.probability AS truth, r.days, r.s, r.l
FROM (SELECT id, u, week, item, recalled, extract(epoch FROM at - lag(at) OVER w)::float8 / 86400 AS days,
             count(*) FILTER (WHERE recalled AND place > 1) OVER b AS s, count(*) FILTER (WHERE NOT recalled AND place > 1) OVER b AS l
      FROM (SELECT *, row_number() OVER (PARTITION BY u, item ORDER BY at) AS place FROM review WHERE u % 2 = 0 AND u <= 2 * :learners) x
      WINDOW w AS (PARTITION BY u, item ORDER BY at), b AS (PARTITION BY u, item ORDER BY at ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)) r
JOIN truth_review t USING (id) WHERE r.days > 0;
CREATE TEMP TABLE fitted AS
SELECT u, week, name, array_agg(estimate ORDER BY place) AS at
FROM past, prior, LATERAL btwin.parameters(s, p) WITH ORDINALITY AS q(parameter, m, sd, estimate, esd, place) GROUP BY u, week, name;
CREATE TEMP TABLE item_shift AS
SELECT item, name, array_agg(estimate - m ORDER BY place) AS shift
FROM item, prior, LATERAL btwin.parameters(s, item_p) WITH ORDINALITY AS q(parameter, m, sd, estimate, esd, place) GROUP BY item, name;
CREATE FUNCTION pg_temp.recall(a float8, h float8, b float8, g float8, l float8, days float8, su float8, la float8) RETURNS float8 LANGUAGE sql IMMUTABLE AS $$
    SELECT 1 / (1 + exp(-a)) * (1 + days * (2 ^ (1 / exp(b)) - 1) * exp(least(la, 7) * l - least(su, 15) * g - h)) ^ -exp(b) $$;
CREATE FUNCTION pg_temp.loss(y int, p float8) RETURNS float8 LANGUAGE sql IMMUTABLE AS $$ SELECT -ln(CASE y WHEN 1 THEN p ELSE 1 - p END) $$;
SELECT name, count(*) AS reviews, round(avg(pg_temp.loss(y, base))::numeric, 4) AS constant, round(avg(pg_temp.loss(y, own))::numeric, 4) AS learner, round(avg(pg_temp.loss(y, joint))::numeric, 4) AS learner_and_item, round(avg(pg_temp.loss(y, truth))::numeric, 4) AS truth,
       round(((avg(pg_temp.loss(y, base)) - avg(pg_temp.loss(y, own))) / (avg(pg_temp.loss(y, base)) - avg(pg_temp.loss(y, truth))))::numeric, 3) AS share_learner,
       round(((avg(pg_temp.loss(y, base)) - avg(pg_temp.loss(y, joint))) / (avg(pg_temp.loss(y, base)) - avg(pg_temp.loss(y, truth))))::numeric, 3) AS share_learner_and_item
FROM (SELECT name, y, truth, (SELECT avg(y) FROM target) AS base, pg_temp.recall(at[1], at[2], at[3], at[4], at[5], days, s, l) AS own,
             pg_temp.recall(at[1] + shift[1], at[2] + shift[2], at[3] + shift[3], at[4] + shift[4], at[5] + shift[5], days, s, l) AS joint
      FROM target JOIN fitted USING (u, week) JOIN item_shift USING (item, name)) x
GROUP BY name ORDER BY name;
