-- runs on: simulator
-- How well the forgetting curve tells recall and half-life, beside the rules of
-- the reference, a constant and naive methods.
--
-- Reads the draw in schemas "sim" and "truth"; psql variable: seed. Judged are the
-- learners whose number is a multiple of four. Those of odd number are the
-- population: priors and items come from them. What is said of a learner comes from that learner's rows
-- of earlier periods alone (begun at the days below; in the first there are none).
--
-- recall: the chance of recall of every review of a card seen before
--   default        the cards' own lasting is divided out of the elapsed time
--                  (doc/forgetting.md, "Cards that differ")
--   learner+item   retention(learner, ..., item => ...)
--   learner        retention(learner, ...)
--   epic5          the reference's curve of the learner (epic5_forgetting_curve)
--   naive          the learner's rate so far and the card's rate in the
--                  population, added in logits
--   constant       the seed's own rate
--   ideal          the true probability
-- Claims are pooled per learner, outcome and tenth of a logit, so that the log
-- loss is that of the rows: p is their geometric mean.
--
-- half-life: of each learner after 4, 13 and 26 weeks (or as far as they came)
--   default        with the population as prior
--   default prior  forgetting_prior_default()
--   epic5          of the reference's curve
--   naive          ln 2 over the learner's rate of lapses per day between reviews
--   spearman       rank correlation with the truth over the seed's learners
--   covers         share of the 90 % intervals that hold the truth
--   bias, rmse     of ln half-life
\set ON_ERROR_STOP on
\set QUIET on
BEGIN;
SET LOCAL jit = off;
SET LOCAL work_mem = '256MB';
SET LOCAL client_min_messages = warning;
CREATE FUNCTION pg_temp.period(day int) RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT width_bucket(day, '{7,14,28,42,63,91,140}'::int[]) $$;
\ir lib/recall.sql
CREATE FUNCTION pg_temp.added(at float8[], shift float8[]) RETURNS float8[] LANGUAGE sql IMMUTABLE AS $$
    SELECT ARRAY[at[1] + shift[1], at[2] + shift[2], at[3] + shift[3], at[4] + shift[4], at[5] + shift[5]] $$;

-- reviews with the time since the one before, and the card's history before them
CREATE TEMP TABLE gap ON COMMIT DROP AS
SELECT user_id, substr(user_id, 2)::int % 4 = 0 AS judged, split_part(card_id, ':', 2) AS item,
       pg_temp.period(floor((at - extract(epoch FROM '2026-01-05 00:00Z'::timestamptz)::float8) / 86400)::int) AS period,
       row_number() OVER card AS place, recalled, probability, (at - lag(at) OVER card) / 86400 AS days,
       count(*) FILTER (WHERE recalled) OVER before - (first_value(recalled) OVER card)::int AS s,
       count(*) FILTER (WHERE NOT recalled) OVER before - (NOT first_value(recalled) OVER card)::int AS l
FROM (SELECT r.user_id, card_id, extract(epoch FROM reviewed_at)::float8 AS at, rating <> 'AGAIN' AS recalled, t.probability
      FROM sim.reviews AS r LEFT JOIN truth.review AS t ON t.review_id = r.id WHERE substr(r.user_id, 2)::int % 4 <> 2) AS r
WINDOW card AS (PARTITION BY card_id ORDER BY at), before AS (PARTITION BY card_id ORDER BY at ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING);
-- of a card whose first review was deleted the second one has no time before it
DELETE FROM gap WHERE place = 1 OR probability IS NULL;
ANALYZE gap;

-- Items, and what each does differently from its population. Populations are
-- estimated from samples: every fourth card, every fifth learner.
CREATE TEMP TABLE item ON COMMIT DROP AS
SELECT item, btwin.forgetting_agg(days, recalled, s::int, l::int) AS state, (count(*) FILTER (WHERE recalled) + 1)::float8 / (count(*) + 2) AS rate FROM gap WHERE NOT judged GROUP BY item;
CREATE TEMP TABLE item_population ON COMMIT DROP AS
SELECT btwin.forgetting_prior_agg(state) AS prior FROM item WHERE substr(item, 2)::int % 4 = 0;
CREATE TEMP TABLE item_shift ON COMMIT DROP AS
SELECT item, f.shift, rate FROM item, item_population, LATERAL pg_temp.fitted(state, prior) AS f;
ANALYZE item_shift;

-- learners, period by period: elapsed time as it is, and as if every card were the usual one
CREATE TEMP TABLE part ON COMMIT DROP AS
SELECT user_id, judged, period, btwin.forgetting_agg(days, recalled, s::int, l::int) AS plain,
       btwin.forgetting_agg(days / pg_temp.lasting(shift, s, l), recalled, s::int, l::int) AS even,
       count(*) AS reviews, count(*) FILTER (WHERE recalled) AS recalled, sum(days) AS days
FROM gap JOIN item_shift USING (item) WHERE judged OR substr(user_id, 2)::int % 10 = 3 GROUP BY user_id, judged, period;
CREATE TEMP TABLE population ON COMMIT DROP AS
SELECT btwin.forgetting_prior_agg(plain) AS plain, btwin.forgetting_prior_agg(even) AS even
FROM (SELECT btwin.rollup(plain) AS plain, btwin.rollup(even) AS even FROM part WHERE NOT judged GROUP BY user_id) AS sample;
CREATE TEMP TABLE past ON COMMIT DROP AS
SELECT user_id, period, coalesce(btwin.rollup(plain) OVER earlier, nothing) AS plain, coalesce(btwin.rollup(even) OVER earlier, nothing) AS even,
       coalesce(sum(reviews) OVER earlier, 0)::float8 AS reviews, coalesce(sum(recalled) OVER earlier, 0)::float8 AS recalled
FROM part CROSS JOIN (SELECT btwin.forgetting_agg(NULL::float8, NULL::boolean) AS nothing) AS e WHERE judged
WINDOW earlier AS (PARTITION BY user_id ORDER BY period ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING);
CREATE TEMP TABLE fit ON COMMIT DROP AS
SELECT user_id, period, reviews, recalled, p.at AS plain, e.at AS even
FROM past, population AS o, LATERAL pg_temp.fitted(past.plain, o.plain) AS p, LATERAL pg_temp.fitted(past.even, o.even) AS e;

-- the reference's curve from the same reviews
CREATE TEMP TABLE reference ON COMMIT DROP AS
SELECT user_id, period, c.r0, c.k, c.half_life
FROM (SELECT user_id, array_agg(card_id ORDER BY reviewed_at) AS cards, array_agg(reviewed_at ORDER BY reviewed_at) AS times, array_agg(stability_after ORDER BY reviewed_at) AS after,
             array_agg(pg_temp.period(floor(extract(epoch FROM reviewed_at - '2026-01-05 00:00Z') / 86400)::int) ORDER BY reviewed_at) AS periods
      FROM sim.reviews WHERE substr(user_id, 2)::int % 4 = 0 GROUP BY user_id) AS r
CROSS JOIN generate_series(0, 8) AS period
CROSS JOIN LATERAL (SELECT count(*)::int AS n FROM unnest(periods) AS p WHERE p < period) AS b
CROSS JOIN LATERAL btwin.epic5_forgetting_curve(cards[1:n], times[1:n], after[1:n]) AS c;

-- Recall
CREATE TEMP TABLE claim ON COMMIT DROP AS
SELECT g.user_id, g.recalled, g.days, g.s, g.l, g.period, probability AS ideal,
       pg_temp.recall(f.even, days / pg_temp.lasting(i.shift, s, l), s, l) AS even,
       pg_temp.recall(pg_temp.added(f.plain, i.shift), days, s, l) AS added,
       pg_temp.recall(f.plain, days, s, l) AS plain,
       greatest(1e-4, least(1 - 1e-4, r.r0 * exp(-r.k * days))) AS epic5,
       1 / (1 + (1 - i.rate) / i.rate * (1 - own.rate) / own.rate * o.rate / (1 - o.rate)) AS naive,
       avg(g.recalled::int) OVER () AS constant
FROM gap AS g JOIN fit AS f USING (user_id, period) JOIN item_shift AS i USING (item) JOIN reference AS r USING (user_id, period)
CROSS JOIN (SELECT avg(recalled::int)::float8 AS rate FROM gap WHERE NOT judged) AS o
CROSS JOIN LATERAL (SELECT (f.recalled + 10 * o.rate) / (f.reviews + 10) AS rate) AS own;
-- the formula above is what retention() says
DO $$
DECLARE
    wrong bigint;
    asked bigint;
BEGIN
    SELECT count(*), count(*) FILTER (WHERE abs(c.even - btwin.retention(past.even, c.days / pg_temp.lasting(i.shift, c.s, c.l), c.s::int, c.l::int, prior => o.even)) > 1e-9
                                         OR abs(c.added - btwin.retention(past.plain, c.days, c.s::int, c.l::int, item.state, o.plain, n.prior)) > 1e-9
                                         OR abs(c.plain - btwin.retention(past.plain, c.days, c.s::int, c.l::int, prior => o.plain)) > 1e-9) INTO asked, wrong
    FROM (SELECT g.*, row_number() OVER (ORDER BY hashtext(user_id || ':' || item || ':' || place)) AS draw FROM gap AS g WHERE user_id IN ('l4', 'l8', 'l12', 'l16')) AS g
    JOIN past USING (user_id, period) CROSS JOIN population AS o CROSS JOIN item_population AS n JOIN item USING (item) JOIN item_shift AS i USING (item)
    JOIN fit AS f USING (user_id, period)
    CROSS JOIN LATERAL (SELECT pg_temp.recall(f.even, g.days / pg_temp.lasting(i.shift, g.s, g.l), g.s, g.l) AS even, pg_temp.recall(pg_temp.added(f.plain, i.shift), g.days, g.s, g.l) AS added,
                               pg_temp.recall(f.plain, g.days, g.s, g.l) AS plain, g.days, g.s, g.l) AS c
    WHERE g.draw <= 200;
    IF wrong > 0 OR asked = 0 THEN
        RAISE EXCEPTION 'retention() disagrees with the formula in % of % reviews', wrong, asked;
    END IF;
END $$;
INSERT INTO accuracy.claim (family, product, method, data, seed, learner, weight, p, y)
SELECT 'forgetting', 'recall', method, 'simulator', :seed, user_id, count(*),
       CASE WHEN min(p) = max(p) THEN min(p) WHEN recalled THEN exp(avg(ln(p))) ELSE 1 - exp(avg(ln(1 - p))) END, recalled
FROM claim CROSS JOIN LATERAL (VALUES ('default', even), ('learner+item', added), ('learner', plain), ('epic5', epic5), ('naive', naive), ('constant', constant), ('ideal', ideal)) AS m (method, p)
GROUP BY method, user_id, recalled, round(10 * ln(p / (1 - p)));

-- Half-life
CREATE TEMP TABLE half_life ON COMMIT DROP AS
SELECT weeks, t.user_id, m.method, m.estimate, m.low, m.high, t.half_life_days AS truth
FROM (SELECT user_id, weeks, btwin.rollup(plain) AS state, sum(reviews) AS reviews, sum(part.recalled) AS recalled, sum(days) AS days
      FROM part JOIN (VALUES (4, 3), (13, 6), (26, 8)) AS w (weeks, periods) ON period < periods WHERE judged GROUP BY user_id, weeks) AS l
JOIN truth.learner AS t USING (user_id) CROSS JOIN population AS o JOIN reference AS r ON r.user_id = l.user_id AND r.period = CASE weeks WHEN 4 THEN 3 WHEN 13 THEN 6 ELSE 8 END
CROSS JOIN LATERAL (SELECT 'default', c.half_life, c.half_life_low, c.half_life_high FROM btwin.curve(state, 0.9, o.plain) AS c
                    UNION ALL SELECT 'default prior', c.half_life, c.half_life_low, c.half_life_high FROM btwin.curve(state, 0.9) AS c
                    UNION ALL SELECT 'epic5', r.half_life, NULL, NULL
                    UNION ALL SELECT 'naive', ln(2) * days / reviews / -ln((l.recalled - 0.5) / reviews), NULL, NULL WHERE l.recalled >= 1) AS m (method, estimate, low, high);
INSERT INTO accuracy.figure (family, product, method, data, seed, figure, value, n)
SELECT 'forgetting', 'half-life', method, 'simulator', :seed, f.figure || CASE WHEN weeks < 26 THEN format('_%s_weeks', weeks) ELSE '' END, f.value, n
FROM (SELECT weeks, method, count(*) AS n, corr(r1, r2) AS spearman, avg((truth BETWEEN low AND high)::int)::float8 AS covers, avg(ln(estimate / truth)) AS bias, sqrt(avg(ln(estimate / truth) ^ 2)) AS rmse
      FROM (SELECT *, rank() OVER (PARTITION BY weeks, method ORDER BY estimate) AS r1, rank() OVER (PARTITION BY weeks, method ORDER BY truth) AS r2 FROM half_life) AS ranked
      GROUP BY weeks, method) AS q
CROSS JOIN LATERAL (VALUES ('spearman', spearman), ('covers', covers), ('bias', bias), ('rmse', rmse)) AS f (figure, value)
WHERE f.value IS NOT NULL;
INSERT INTO accuracy.bar (family, product, method, data, figure, at_least, at_most, errors, source)
VALUES ('forgetting', 'recall', 'default', 'simulator', 'gain_of_ideal', 0.85, NULL, 0, 'doc/forgetting.md'),
       ('forgetting', 'half-life', 'default', 'simulator', 'spearman', 0.8, NULL, 0, 'doc/forgetting.md'),
       ('forgetting', 'half-life', 'default', 'simulator', 'covers', 0.85, 0.95, 2, 'doc/forgetting.md');
COMMIT;
