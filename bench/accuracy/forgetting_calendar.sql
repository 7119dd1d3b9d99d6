-- runs on: simulator
-- Recall predicted in strict order of time: the platform starts empty, and what is
-- said of a review comes from reviews of earlier days alone, the learner's, the
-- other learners' and the cards'. Every review of a card seen before is judged,
-- from the first day on, whoever the learner is. (forgetting.sql judges some
-- learners, with a population known from others.)
--
-- Reads the draw in schemas "sim" and "truth"; psql variable: seed. Everything is
-- estimated anew at the begin of each of the periods below, none of them longer
-- than what went before. On the first day there is the default prior and no more.
--
--   default        the cards' own lasting divided out of the elapsed time
--                  (doc/forgetting.md, "Cards that differ")
--   learner        retention(learner, ...)
--   naive          the learner's rate and the card's rate so far, added in logits
--   constant       the seed's own rate, which nobody knows beforehand
--   ideal          the true probability
-- Claims are pooled per learner, outcome and tenth of a logit, so that the log
-- loss is that of the rows: p is their geometric mean.
\set ON_ERROR_STOP on
\set QUIET on
BEGIN;
SET LOCAL jit = off;
SET LOCAL work_mem = '256MB';
SET LOCAL client_min_messages = warning;
\ir lib/recall.sql

CREATE TEMP TABLE gap ON COMMIT DROP AS
SELECT user_id, item, period, recalled, probability, days, s::int, l::int
FROM (SELECT user_id, split_part(card_id, ':', 2) AS item,
             width_bucket(floor((at - extract(epoch FROM '2026-01-05 00:00Z'::timestamptz)::float8) / 86400)::int, '{1,2,4,7,14,28,49,84,126}'::int[]) AS period,
             row_number() OVER card AS place, recalled, probability, (at - lag(at) OVER card) / 86400 AS days,
             count(*) FILTER (WHERE recalled) OVER before - (first_value(recalled) OVER card)::int AS s,
             count(*) FILTER (WHERE NOT recalled) OVER before - (NOT first_value(recalled) OVER card)::int AS l
      FROM (SELECT r.user_id, card_id, extract(epoch FROM reviewed_at)::float8 AS at, rating <> 'AGAIN' AS recalled, t.probability
            FROM sim.reviews AS r LEFT JOIN truth.review AS t ON t.review_id = r.id) AS r
      WINDOW card AS (PARTITION BY card_id ORDER BY at), before AS (PARTITION BY card_id ORDER BY at ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)) AS g
-- of a card whose first review was deleted the second one has no time before it
WHERE place > 1 AND probability IS NOT NULL;
CREATE INDEX ON gap (period);
ANALYZE gap;

CREATE TEMP TABLE item_part ON COMMIT DROP AS
SELECT item, period, btwin.forgetting_agg(days, recalled, s, l) AS state, count(*) AS reviews, count(*) FILTER (WHERE recalled) AS recalled FROM gap GROUP BY item, period;
CREATE TEMP TABLE learner_part ON COMMIT DROP AS
SELECT user_id, period, btwin.forgetting_agg(days, recalled, s, l) AS plain, count(*) AS reviews, count(*) FILTER (WHERE recalled) AS recalled FROM gap GROUP BY user_id, period;
CREATE TEMP TABLE claim (user_id text, recalled boolean, "default" float8, learner float8, naive float8, ideal float8) ON COMMIT DROP;

DO $$
DECLARE
    now_in      int;
    card_prior  btwin.forgetting_prior;
    plain_prior btwin.forgetting_prior;
    even_prior  btwin.forgetting_prior;
BEGIN
    FOR now_in IN SELECT DISTINCT period FROM gap ORDER BY 1 LOOP
        CREATE TEMP TABLE item ON COMMIT DROP AS
        SELECT item, btwin.rollup(state) AS state, (sum(recalled) + 1)::float8 / (sum(reviews) + 2) AS rate FROM item_part WHERE period < now_in GROUP BY item;
        card_prior := coalesce((SELECT btwin.forgetting_prior_agg(state) FROM item), btwin.forgetting_prior_default());
        CREATE TEMP TABLE item_shift ON COMMIT DROP AS
        SELECT item, f.shift, rate FROM item, LATERAL pg_temp.fitted(state, card_prior) AS f;
        ANALYZE item_shift;
        CREATE TEMP TABLE learner ON COMMIT DROP AS
        SELECT user_id, p.plain, e.even, p.reviews, p.recalled
        FROM (SELECT user_id, btwin.rollup(plain) AS plain, sum(reviews)::float8 AS reviews, sum(recalled)::float8 AS recalled FROM learner_part WHERE period < now_in GROUP BY user_id) AS p
        JOIN (SELECT user_id, btwin.forgetting_agg(days / pg_temp.lasting(shift, s, l), recalled, s, l) AS even FROM gap JOIN item_shift USING (item) WHERE period < now_in GROUP BY user_id) AS e USING (user_id);
        -- the population from a sample: every fourth learner who has begun
        plain_prior := coalesce((SELECT btwin.forgetting_prior_agg(l.plain) FROM learner AS l WHERE substr(l.user_id, 2)::int % 4 = 0), btwin.forgetting_prior_default());
        even_prior := coalesce((SELECT btwin.forgetting_prior_agg(l.even) FROM learner AS l WHERE substr(l.user_id, 2)::int % 4 = 0), btwin.forgetting_prior_default());
        CREATE TEMP TABLE fit ON COMMIT DROP AS
        SELECT user_id, l.reviews, l.recalled, p.at AS plain, e.at AS even
        FROM (SELECT DISTINCT user_id FROM gap WHERE period = now_in) AS asked LEFT JOIN learner AS l USING (user_id)
        CROSS JOIN (SELECT btwin.forgetting_agg(NULL::float8, NULL::boolean) AS nothing) AS n,
        LATERAL pg_temp.fitted(coalesce(l.plain, nothing), plain_prior) AS p, LATERAL pg_temp.fitted(coalesce(l.even, nothing), even_prior) AS e;
        ANALYZE fit;
        INSERT INTO claim
        SELECT g.user_id, g.recalled, pg_temp.recall(f.even, days / CASE WHEN i.shift IS NULL THEN 1 ELSE pg_temp.lasting(i.shift, s, l) END, s, l), pg_temp.recall(f.plain, days, s, l),
               1 / (1 + (1 - coalesce(i.rate, o.rate)) / coalesce(i.rate, o.rate) * (1 - own.rate) / own.rate * o.rate / (1 - o.rate)), probability
        FROM gap AS g JOIN fit AS f USING (user_id) LEFT JOIN item_shift AS i USING (item)
        CROSS JOIN (SELECT (coalesce(sum(recalled), 0) + 8)::float8 / (coalesce(sum(reviews), 0) + 10) AS rate FROM learner) AS o
        CROSS JOIN LATERAL (SELECT (coalesce(f.recalled, 0) + 10 * o.rate) / (coalesce(f.reviews, 0) + 10) AS rate) AS own
        WHERE g.period = now_in;
        DROP TABLE item, item_shift, learner, fit;
    END LOOP;
    IF (SELECT count(*) FROM claim) <> (SELECT count(*) FROM gap) THEN
        RAISE EXCEPTION '% reviews judged, not all %', (SELECT count(*) FROM claim), (SELECT count(*) FROM gap);
    END IF;
END $$;
INSERT INTO accuracy.claim (family, product, method, data, seed, learner, weight, p, y)
SELECT 'forgetting', 'recall, in order of time', method, 'simulator', :seed, user_id, count(*),
       CASE WHEN min(p) = max(p) THEN min(p) WHEN recalled THEN exp(avg(ln(p))) ELSE 1 - exp(avg(ln(1 - p))) END, recalled
FROM (SELECT *, avg(recalled::int) OVER () AS constant FROM claim) AS c
CROSS JOIN LATERAL (VALUES ('default', "default"), ('learner', learner), ('naive', naive), ('constant', constant), ('ideal', ideal)) AS m (method, p)
GROUP BY method, user_id, recalled, round(10 * ln(p / (1 - p)));
INSERT INTO accuracy.bar (family, product, method, data, figure, at_least, at_most, errors, source)
VALUES ('forgetting', 'recall, in order of time', 'default', 'simulator', 'gain_of_ideal', 0.85, NULL, 0, 'doc/forgetting.md');
COMMIT;
