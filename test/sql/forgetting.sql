-- forgetting: type, aggregates, sealing, accessors, population, FSRS-6, errors
\set VERBOSITY default
\pset format unaligned
SET search_path = '';
SET extra_float_digits = 0;
SET TimeZone = 'UTC';

CREATE FUNCTION public.fault(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    state text; message text; detail text; hint text;
BEGIN
    EXECUTE statement;
    RETURN 'no error';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT,
        detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
    RETURN pg_catalog.format('%s: %s | %s | %s', state, message, detail, hint);
END $$;

CREATE TABLE public.pair (elapsed float8, recalled bool, successes int, lapses int);
INSERT INTO public.pair VALUES (1, true, 0, 0), (2, false, 1, 0), (0.5, true, 1, 1), (1.01, false, 0, 0),
    (NULL, true, 0, 0), (1, NULL, 0, 0), (0, true, 99, 99), (36525, false, 0, 0);
CREATE TABLE public.review (card text, at timestamptz, recalled bool);
-- a: four reviews, gaps of 1, 2 and 4 days; b: one gap of half a day; c: one review
INSERT INTO public.review VALUES
    ('a', '2026-03-01 00:00Z', false), ('a', '2026-03-02 00:00Z', true), ('a', '2026-03-04 00:00Z', true), ('a', '2026-03-08 00:00Z', false),
    ('b', '2026-03-01 12:00Z', true), ('b', '2026-03-02 00:00Z', false),
    ('c', '2026-03-05 00:00Z', true), (NULL, '2026-03-05 00:00Z', true), ('c', NULL, true), ('c', '2026-03-06 00:00Z', NULL);

\echo == text form: codes are round(1024 log2(days)) + 16384, bins codes / 256
-- 1 day: 16384, bin 64; 1.01 days: 1024 * 0.0143553 = 14.7 -> 16399; sum 32783
-- 2 days: 17408, bin 68; 0.5 days: 15360, bin 60; 0 days: code 0
-- 36525 days: log2 = 15.15658, * 1024 = 15520.3 -> 31904, bin 124; 99 successes, 99 lapses count as 15, 7
SELECT btwin.forgetting_agg(elapsed, recalled, successes, lapses) FROM public.pair;
-- without history all are of class 0, 0
SELECT btwin.forgetting_agg(elapsed, recalled) FROM public.pair WHERE elapsed < 10;
-- the shortest and longest times that are told apart: 2^-16 and 2^16 days
SELECT p ->> 'bin' AS bin, p ->> 'codes' AS codes
FROM pg_catalog.jsonb_array_elements((SELECT btwin.forgetting_agg(d, true)::jsonb FROM pg_catalog.unnest('{0,1e-5,0.000015258789,0.00001527,0.00001822}'::float8[]) d) -> 'pairs') p;
-- a review is a run of one; times are microseconds since 2000-01-01
SELECT btwin.forgetting_agg(card, at, recalled) FROM public.review;
SELECT '2000-01-01 00:00Z'::timestamptz + interval '1 microsecond' * (s::jsonb #>> '{cards,1,runs,0,first}')::bigint AS first_of_b
FROM (SELECT btwin.forgetting_agg(card, at, recalled) AS s FROM public.review) x;

\echo == sealed: gaps of a 1, 2, 4 days: 2 * 16384 + 1, 2 * 17408 + 1, 2 * 18432; of b 0.5: 2 * 15360
SELECT btwin.seal(btwin.forgetting_agg(card, at, recalled)) FROM public.review;
SELECT btwin.seal(btwin.seal(s))::text = btwin.seal(s)::text AS idempotent
FROM (SELECT btwin.forgetting_agg(card, at, recalled) AS s FROM public.review) x;

\echo == condensed: the gaps of a and b among the pairs, their counts with the cards: a recalled, recalled, not; the last one 0
SELECT btwin.condense(btwin.forgetting_agg(card, at, recalled)) FROM public.review;
SELECT btwin.condense(btwin.condense(s))::text = btwin.condense(s)::text AS idempotent, btwin.condense(btwin.seal(s))::text = btwin.condense(s)::text AS of_sealed,
       btwin.seal(btwin.condense(s))::text = btwin.condense(s)::text AS sealed, btwin.condense(s)::text::btwin.forgetting::text = btwin.condense(s)::text AS round_trip,
       btwin.half_life(btwin.condense(s)) = btwin.half_life(s) AS same_half_life, btwin.condense(s)::jsonb #> '{cards,0,runs,0,successes}' AS successes
FROM (SELECT btwin.forgetting_agg(card, at, recalled) AS s FROM public.review) x;
-- a first part condensed, the rest merged later: nothing changes, in one step or in two; sealing leaves the counted run alone
SELECT btwin.condense(btwin.rollup(first_then_rest))::text = btwin.condense(max(whole::text)::btwin.forgetting)::text AS as_whole,
       btwin.seal(btwin.rollup(first_then_rest)) AS sealed
FROM (SELECT btwin.condense(btwin.forgetting_agg(card, at, recalled)) AS first_then_rest FROM public.review WHERE at < '2026-03-03'
      UNION ALL SELECT btwin.forgetting_agg(card, at, recalled) FROM public.review WHERE at >= '2026-03-03') x,
     (SELECT btwin.forgetting_agg(card, at, recalled) AS whole FROM public.review) y;
-- what no rows can give
SELECT public.fault(format('SELECT %L::btwin.forgetting', replace(s, was, becomes))) FROM (SELECT btwin.condense(btwin.forgetting_agg(card, at, recalled))::text AS s FROM public.review WHERE card = 'a') x,
    (VALUES ('"successes": 2, "lapses": 1', '"successes": 3, "lapses": 1'), ('"successes": 2, "lapses": 1', '"successes": 1, "lapses": 2'), ('"successes": 2, "lapses": 1', '"successes": 0, "lapses": 0'),
            ('"successes": 2, "lapses": 1', '"successes": 2147483647, "lapses": 1'), ('"successes": 2, "lapses": 1', '"successes": 2147483647, "lapses": 0'), ('"pairs": null', '"pairs": 7'), ('"pairs": null, "successes": 2, "lapses": 1', '"pairs": []')) v (was, becomes);
SELECT public.fault(format('SELECT btwin.rollup(s) FROM (SELECT btwin.condense(btwin.forgetting_agg(card, at, recalled)) AS s FROM public.review UNION ALL SELECT btwin.forgetting_agg(''a'', %L::timestamptz, true)) x', at))
FROM unnest('{2020-01-01,2026-03-03}'::text[]) at;

\echo == no rows, only NULLs, empty states
SELECT btwin.forgetting_agg(elapsed, recalled) IS NULL AS no_rows FROM public.pair WHERE false;
SELECT btwin.forgetting_agg(elapsed, recalled) AS only_nulls FROM public.pair WHERE elapsed IS NULL;
SELECT btwin.forgetting_agg(elapsed, recalled, NULL, 0) AS null_history FROM public.pair;
SELECT btwin.forgetting_agg(card, at, NULL) AS only_nulls FROM public.review;
SELECT btwin.rollup(s) IS NULL AS no_states FROM (SELECT NULL::btwin.forgetting AS s WHERE false) x;
SELECT btwin.rollup(s) AS null_states FROM (SELECT NULL::btwin.forgetting AS s) x;
SELECT btwin.half_life(s), btwin.decay_rate(s), btwin.amplitude(s), btwin.half_life_interval(s), btwin.confidence(s), btwin.evidence_count(s),
       round(btwin.retention(s, 20)::numeric, 9) AS retention, btwin.review_interval(s, 0.95) AS review_interval
FROM (SELECT btwin.forgetting_agg(card, at, recalled) AS s FROM public.review WHERE card = 'c') x;
-- the population answers: S = 20 / (2^2 - 1) = 6.666667; amplitude interval 0.9 on the log odds: ln 9 -+ 1.644854, half-life 20 e^-+1.644854
SELECT round(amplitude::numeric, 6) AS amplitude, round(amplitude_low::numeric, 6) AS amplitude_low, round(amplitude_high::numeric, 6) AS amplitude_high,
       round(half_life::numeric, 6) AS half_life, round(half_life_low::numeric, 6) AS half_life_low, round(half_life_high::numeric, 6) AS half_life_high,
       round(stability::numeric, 6) AS stability, round(exponent::numeric, 6) AS exponent, round(growth::numeric, 6) AS growth, round(loss::numeric, 6) AS loss,
       round(decay_rate::numeric, 6) AS decay_rate, confidence, evidence_count, recalled_count, method, reason
FROM btwin.curve((SELECT btwin.forgetting_agg(card, at, recalled) FROM public.review WHERE card = 'c'));
SELECT count(*) AS rows_for_null FROM btwin.parameters(NULL), btwin.contributions(NULL::btwin.forgetting);
SELECT btwin.half_life(NULL), btwin.retention(NULL, 1), btwin.curve(NULL), btwin.confidence(NULL::btwin.forgetting), btwin.review_interval(NULL, 0.5), btwin.retention_interval(NULL, 1);

\echo == order of rows and of merges does not matter, duplicates count once
SELECT btwin.forgetting_agg(card, at, recalled ORDER BY at)::text = btwin.forgetting_agg(card, at, recalled ORDER BY at DESC, card DESC)::text AS order_free,
       btwin.forgetting_agg(DISTINCT card, at, recalled)::text = btwin.forgetting_agg(card, at, recalled)::text AS distinct_same
FROM public.review;
SELECT btwin.rollup(s)::text = (SELECT btwin.forgetting_agg(card, at, recalled)::text FROM public.review) AS days_merged,
       btwin.seal(btwin.rollup(btwin.seal(s)))::text = (SELECT btwin.seal(btwin.forgetting_agg(card, at, recalled))::text FROM public.review) AS sealed_days_merged
FROM (SELECT btwin.forgetting_agg(card, at, recalled) AS s FROM public.review GROUP BY at::date UNION ALL SELECT NULL) x;
SELECT btwin.rollup(s)::text = min(s::text) AS same_state_twice
FROM (SELECT btwin.forgetting_agg(card, at, recalled) AS s FROM public.review, pg_catalog.generate_series(1, 2) g GROUP BY g) x;
-- the same review with two outcomes is not recalled
SELECT btwin.forgetting_agg(c, at, r)::jsonb #>> '{cards,0,runs,0,recalled}' AS recalled, count(*)
FROM (VALUES ('a', '2026-03-01 00:00Z'::timestamptz, true), ('a', '2026-03-01 00:00Z', false), ('a', '2026-03-01 00:00Z', true)) v(c, at, r);
SELECT at::date AS day, card, btwin.evidence_count(btwin.forgetting_agg(card, at, recalled) OVER (ORDER BY at, card COLLATE "C")) AS in_window
FROM public.review WHERE card IS NOT NULL ORDER BY at, card COLLATE "C";
SELECT btwin.evidence_count(btwin.forgetting_agg(card, at, recalled) FILTER (WHERE card = 'a')) AS a,
       btwin.evidence_count(btwin.forgetting_agg(card, at, recalled) FILTER (WHERE recalled)) AS gaps_between_successes
FROM public.review;

\echo == text and binary round trips are exact
CREATE TABLE public.state (id int, s btwin.forgetting);
INSERT INTO public.state VALUES
    (1, (SELECT btwin.forgetting_agg(elapsed, recalled) FROM public.pair WHERE elapsed IS NULL)),
    (2, (SELECT btwin.forgetting_agg(elapsed, recalled, successes, lapses) FROM public.pair)),
    (3, (SELECT btwin.forgetting_agg(card, at, recalled) FROM public.review)),
    (4, (SELECT btwin.seal(btwin.forgetting_agg(card, at, recalled)) FROM public.review)),
    (5, (SELECT btwin.forgetting_agg('quoted " \ é' || g % 300, '2026-01-01 00:00Z'::timestamptz + interval '1 hour' * (g * 7919 % 50000), g % 3 > 0) FROM pg_catalog.generate_series(1, 3000) g)),
    (6, (SELECT btwin.seal(btwin.rollup(s)) FROM (SELECT s FROM public.state WHERE false) x)),
    (7, (SELECT btwin.forgetting_agg('far', at, true) FROM pg_catalog.unnest('{4713-01-01 00:00Z BC, 294276-12-31 23:59:59.999999Z}'::timestamptz[]) at)),
    (8, (SELECT btwin.seal(btwin.forgetting_agg('far', at, true)) FROM pg_catalog.unnest('{4713-01-01 00:00Z BC, 294276-12-31 23:59:59.999999Z}'::timestamptz[]) at));
INSERT INTO public.state SELECT 9, btwin.seal(s) FROM public.state WHERE id = 5;
-- gaps of a microsecond and of exactly a second, below the first code that is told apart
INSERT INTO public.state SELECT 10, btwin.seal(btwin.forgetting_agg('quick', '2026-01-01 00:00Z'::timestamptz + interval '1 microsecond' * g, true)) FROM pg_catalog.unnest('{0,1,1000001}'::int[]) g;
SELECT id, s::text::btwin.forgetting::text = s::text AS text_exact,
       btwin.forgetting_send(s::text::btwin.forgetting) = btwin.forgetting_send(s) AS bytes_exact,
       pg_catalog.length(btwin.forgetting_send(s)) AS bytes, btwin.evidence_count(s)
FROM public.state ORDER BY id;
CREATE TABLE public.copied (id int, s btwin.forgetting);
DO $$
DECLARE path text := pg_catalog.current_setting('data_directory') || '/forgetting_state.bin';
BEGIN
    EXECUTE pg_catalog.format('COPY public.state TO %L (FORMAT binary)', path);
    EXECUTE pg_catalog.format('COPY public.copied FROM %L (FORMAT binary)', path);
END $$;
-- one million reviews are as many as a state holds; the same review many times is one
CREATE TABLE public.million AS SELECT btwin.seal(btwin.forgetting_agg('card ' || g % 1000, '2000-01-01 00:00Z'::timestamptz + interval '1 minute' * g, g % 3 > 0)) AS s FROM pg_catalog.generate_series(1, 1000000) g;
INSERT INTO public.million SELECT s::text::btwin.forgetting FROM public.million;
DO $$
DECLARE path text := pg_catalog.current_setting('data_directory') || '/forgetting_state.bin';
BEGIN
    EXECUTE pg_catalog.format('COPY (SELECT s FROM public.million LIMIT 1) TO %L (FORMAT binary)', path);
    EXECUTE pg_catalog.format('COPY public.million FROM %L (FORMAT binary)', path);
END $$;
SELECT count(*) AS states, count(DISTINCT pg_catalog.md5(btwin.forgetting_send(s))) AS different, min(btwin.evidence_count(s)) AS evidence FROM public.million;
SELECT btwin.evidence_count(btwin.forgetting_agg('a', '2000-01-01 00:00Z'::timestamptz + interval '1 day' * (g % 5), true)) AS evidence FROM pg_catalog.generate_series(1, 2000010) g;
DROP TABLE public.million;
SELECT count(*) AS copied_exactly FROM public.state JOIN public.copied USING (id) WHERE state.s::text = copied.s::text;
SELECT id, btwin.seal(s)::text = s::text AS sealed FROM public.state WHERE id <> 6 ORDER BY id;

\echo == the evidence: gaps of a: 1 day has no history, 2 days 1 success, 4 days 2 successes; of b: 0.5 days none
SELECT successes, lapses, round(elapsed_days::numeric, 6) AS elapsed_days, reviews, recalled, rate
FROM btwin.points((SELECT btwin.forgetting_agg(card, at, recalled) FROM public.review));
-- the mean of 1 and 1.01 days is geometric, to 1/1024 octave: 2 ^ (15 / 2 / 1024) = 1.005090
SELECT successes, lapses, round(elapsed_days::numeric, 6) AS elapsed_days, reviews, recalled, rate
FROM btwin.points((SELECT btwin.forgetting_agg(elapsed, recalled) FROM public.pair WHERE elapsed BETWEEN 1 AND 1.1));
SELECT * FROM btwin.cards((SELECT btwin.forgetting_agg(card, at, recalled) FROM public.review));
SELECT * FROM btwin.cards((SELECT btwin.seal(btwin.forgetting_agg(card, at, recalled)) FROM public.review));
-- both parts count
SELECT btwin.evidence_count(btwin.rollup(s)) AS evidence FROM public.state WHERE id IN (2, 3);

\echo == closed form: amplitude 0.8 and exponent 1 fixed, P(t) = 0.8 / (1 + t / H)
-- 1000 reviews after one day, 400 recalled: H = 1, where the prior's mean is. Information: 1000 * 0.4 / 0.6 * 0.5^2 + 1 / 5^2
-- = 166.706667, sd 0.07745037; confidence 1 - 1 / 166.706667 / 25 = 0.99976006
CREATE TABLE public.known AS
SELECT btwin.forgetting_agg(1.0, g <= 400) AS s,
       ROW(1, ln(4.0), 0, 0, 5, 0, 0, ln(3.0), 0, ln(4.0), 0)::btwin.forgetting_prior AS prior
FROM pg_catalog.generate_series(1, 1000) g;
SELECT round(btwin.half_life(s, prior)::numeric, 9) AS half_life, round(btwin.decay_rate(s, prior)::numeric, 9) AS decay_rate,
       round(btwin.amplitude(s, prior)::numeric, 9) AS amplitude, round(btwin.confidence(s, prior)::numeric, 8) AS confidence FROM public.known;
SELECT parameter, round(prior_mean::numeric, 6) AS prior_mean, round(prior_sd::numeric, 6) AS prior_sd, round(estimate::numeric, 8) AS estimate, round(sd::numeric, 8) AS sd
FROM public.known, btwin.parameters(s, prior);
-- the curve's own error 0.2 widens sd 0.07745037 to 0.21447275: exp(-+1.644854 * 0.21447275) and exp(-+1.959964 * 0.21447275)
SELECT round(i.low::numeric, 5) AS low90, round(i.high::numeric, 5) AS high90, round(j.low::numeric, 5) AS low95, round(j.high::numeric, 5) AS high95
FROM public.known, btwin.half_life_interval(s, prior => prior) i, btwin.half_life_interval(s, 0.95, prior) j;
-- 0.8 at once; 0.4 after a day; one success triples S: 0.8 / (1 + 1/3) = 0.6; one lapse quarters it: 0.8 / 5 = 0.16; both: 0.8 / (1 + 4/3)
SELECT round(btwin.retention(s, 0, prior => prior)::numeric, 9) AS at_once, round(btwin.retention(s, 1, prior => prior)::numeric, 9) AS a_day,
       round(btwin.retention(s, 1, 1, 0, prior => prior)::numeric, 9) AS success, round(btwin.retention(s, 1, 0, 1, prior => prior)::numeric, 9) AS lapse,
       round(btwin.retention(s, 1, 1, 1, prior => prior)::numeric, 9) AS both
FROM public.known;
-- beyond 15 successes and 7 lapses nothing changes, below it does
SELECT btwin.retention(s, 1e6, 15, prior => prior) = btwin.retention(s, 1e6, 16, prior => prior) AS s15_16, btwin.retention(s, 1e6, 14, prior => prior) < btwin.retention(s, 1e6, 15, prior => prior) AS s14_15,
       btwin.retention(s, 1, 0, 7, prior => prior) = btwin.retention(s, 1, 0, 8, prior => prior) AS l7_8, btwin.retention(s, 1, 0, 6, prior => prior) > btwin.retention(s, 1, 0, 7, prior => prior) AS l6_7
FROM public.known;
-- d logit P / d ln H = 0.5 / 0.6; logit 0.4 = -0.405465; -+ 1.644854 * 0.07745037 * 0.833333 = 0.106162: 0.374812, 0.425728
SELECT round(i.low::numeric, 6) AS low, round(i.high::numeric, 6) AS high FROM public.known, btwin.retention_interval(s, 1, prior => prior) i;
-- 0.8 / (1 + t) = 0.2 at t = 3, after a success at 9; 0.9 is never reached; the cap of 36525 days
SELECT round(btwin.review_interval(s, 0.2, prior => prior)::numeric, 9) AS days, round(btwin.review_interval(s, 0.2, 1, prior => prior)::numeric, 9) AS after_success,
       btwin.review_interval(s, 0.9, prior => prior) AS never, btwin.review_interval(s, 0.2, 15, prior => prior) AS capped
FROM public.known;
SELECT factor, round(value::numeric, 6) AS value, round(weight::numeric, 6) AS weight, round(contribution::numeric, 6) AS contribution
FROM public.known, btwin.contributions(s, ROW(1, ln(4.0), 0, 1, 0.1, 0, 0, ln(3.0), 0, ln(4.0), 0)::btwin.forgetting_prior);
-- they sum to ln half_life, and a narrow prior pulls it from 1 towards e
SELECT round((sum(contribution) - ln(btwin.half_life(min(s::text)::btwin.forgetting, min(prior::text)::btwin.forgetting_prior)))::numeric, 12) AS rest
FROM (SELECT s, ROW(1, ln(4.0), 0, 1, 0.1, 0, 0, ln(3.0), 0, ln(4.0), 0)::btwin.forgetting_prior AS prior FROM public.known) k, btwin.contributions(s, prior);
SELECT factor, value IS NULL AS no_value, weight, round(contribution::numeric, 6) AS contribution FROM btwin.contributions((SELECT s FROM public.state WHERE id = 1));
-- a fixed half-life learns nothing
SELECT btwin.confidence(s, ROW(1, ln(4.0), 0, 1, 0, 0, 0, 0, 0, 0, 0)::btwin.forgetting_prior) AS fixed, round(btwin.half_life(s, ROW(1, ln(4.0), 0, 1, 0, 0, 0, 0, 0, 0, 0)::btwin.forgetting_prior)::numeric, 6) AS e FROM public.known;
-- the item's difference from its own prior is added: 500 of 1000 after a day, H = 5/3 under a prior that hardly counts
SELECT round(btwin.half_life(i.s, k.prior)::numeric, 3) AS item_half_life,
       round((btwin.retention(k.s, 1, item => i.s, prior => k.prior, item_prior => k.prior) - 0.8 / (1 + 1 / btwin.half_life(i.s, k.prior)))::numeric, 12) AS rest,
       round((btwin.retention(k.s, 1, item => i.s, prior => k.prior, item_prior => ROW(1, ln(4.0), 0, ln(5.0), 0, 0, 0, 0, 0, 0, 0)::btwin.forgetting_prior) - 0.4)::numeric, 12) AS item_without_say,
       round(btwin.review_interval(k.s, 0.2, item => i.s, prior => k.prior, item_prior => k.prior)::numeric, 2) AS days
FROM public.known k, (SELECT btwin.forgetting_agg(1.0, g <= 500) AS s FROM pg_catalog.generate_series(1, 1000) g) i;

\echo == the default prior, and a learner who forgets twice as fast
SELECT * FROM btwin.forgetting_prior_default();
-- 4000 expected outcomes of P = 0.9 (1 + t / S)^-0.5 with H = 3 S = 6 days, S doubling with a success, a quarter after a lapse
CREATE TABLE public.fast AS
SELECT btwin.forgetting_agg(t, g <= round(100 * 0.9 / sqrt(1 + t / (2 * 2.0 ^ s / 4.0 ^ l))), s, l) AS state
FROM pg_catalog.unnest('{0.1,0.5,1,2,4,8,16,32}'::float8[]) t, pg_catalog.generate_series(0, 4) s, pg_catalog.generate_series(0, 1) l, pg_catalog.generate_series(1, 100) g;
SELECT round(amplitude::numeric, 3) AS amplitude, round(half_life::numeric, 2) AS half_life, half_life_low < 6 AND 6 < half_life_high AS covers_six,
       round(exponent::numeric, 2) AS exponent, round(growth::numeric, 2) AS growth, round(loss::numeric, 1) AS loss, evidence_count, method, reason
FROM public.fast, btwin.curve(state);
SELECT f.half_life < d.half_life AS faster, btwin.confidence(state) > 0.95 AS confident FROM public.fast, btwin.curve(state) f, btwin.curve((SELECT s FROM public.state WHERE id = 1)) d;
-- a remembered fit is not the fit of another state or prior
SELECT i, round(btwin.half_life(CASE i % 2 WHEN 0 THEN f.state ELSE k.s END, CASE i / 2 WHEN 0 THEN k.prior END)::numeric, 3) AS half_life
FROM public.fast f, public.known k, pg_catalog.generate_series(0, 3) i ORDER BY i;

-- without evidence, or with the half-life fixed, there is no such error: 20 e^-+1.644854 as above, and e alone
SELECT round(c.half_life_low::numeric, 6) AS low, round(c.half_life_high::numeric, 6) AS high, round(i.low::numeric, 6) AS fixed_low, round(i.high::numeric, 6) AS fixed_high
FROM public.known k, btwin.curve((SELECT s FROM public.state WHERE id = 1)) c, btwin.half_life_interval(k.s, 0.9, ROW(1, ln(4.0), 0, 1, 0, 0, 0, 0, 0, 0, 0)::btwin.forgetting_prior) i;

-- with a narrow prior there is: sd sqrt(0.005^2 / (1 + little) + 0.2^2) = 0.2; and a confidence near zero still has a value of its own
SELECT round((ln(i.high / i.low) / 2 / 1.644853627)::numeric, 3) AS sd, c.value IS NOT NULL AS has_value, c.weight BETWEEN 1e-9 AND 0.01 AS little
FROM (SELECT btwin.forgetting_agg(1.0, true) AS s, ROW(1, ln(4.0), 0, 1, 0.005, 0, 0, 0, 0, 0, 0)::btwin.forgetting_prior AS p) x,
     btwin.half_life_interval(s, prior => p) i, btwin.contributions(s, p) c WHERE factor = 'reviews';

\echo == population: 40 learners whose half-lives spread around 6 days
CREATE TABLE public.learner AS
SELECT u, btwin.forgetting_agg(t, g <= round(20 * 0.9 / sqrt(1 + 3 * t / (6 * exp((u - 20.5) / 40)) )))  AS state
FROM pg_catalog.generate_series(1, 40) u, pg_catalog.unnest('{0.1,1,4,16}'::float8[]) t, pg_catalog.generate_series(1, 20) g GROUP BY u;
-- spread of (u - 20.5) / 40 over u = 1 .. 40: sqrt((40^2 - 1) / 12) / 40 = 0.289; rounding of the outcomes and the pseudo-learner, a
-- sd of 1 at 20 days, widen it: sqrt(0.289^2 * 40 / 41 + (1 + ln(20/6.4)^2) / 41) = 0.41 at most
SELECT learners, round(exp(ln_half_life)::numeric, 1) AS half_life, round(ln_half_life_sd::numeric, 2) AS sd, ln_exponent = d.e AS exponent_kept, ln_exponent_sd AS exponent_sd
FROM (SELECT (btwin.forgetting_prior_agg(state)).* FROM public.learner) p, (SELECT ln_exponent AS e FROM btwin.forgetting_prior_default()) d;
SELECT btwin.forgetting_prior_agg(s) IS NULL AS no_rows FROM public.state WHERE false;
SELECT btwin.forgetting_prior_agg(s) = btwin.forgetting_prior_default() AS no_evidence FROM public.state WHERE id = 1;
SELECT btwin.forgetting_prior_agg(NULL) = btwin.forgetting_prior_default() AS only_null;
-- shrinkage towards the learners' own population rather than the default
SELECT abs(ln(btwin.half_life(s, p)) - ln(6)) < abs(ln(btwin.half_life(s)) - ln(6)) AS nearer
FROM (SELECT btwin.forgetting_prior_agg(state) AS p FROM public.learner) q, (SELECT btwin.forgetting_agg(1.0, true) AS s) r;

\echo == FSRS-6: by hand from the published formulas
-- f = 0.9^(-1/0.1542) - 1 = 0.980346; R(10, 10) = 0.9; R(1, 2.3065) = (1 + 0.980346 / 2.3065)^-0.1542 = 0.946847; R(0) = 1
SELECT round(btwin.fsrs6_retrievability(10, 10)::numeric, 9) AS r, round(btwin.fsrs6_retrievability(1, 2.3065)::numeric, 6) AS r1, btwin.fsrs6_retrievability(0, 3) AS r0,
       round(btwin.fsrs6_interval(0.9, 10)::numeric, 9) AS i, round(btwin.fsrs6_interval(btwin.fsrs6_retrievability(7, 2), 2)::numeric, 9) AS seven;
-- D0 = 7.4133 - exp(0.8334 (g - 1)): 6.4133; 5.112171; 2.118104; at grade 4 below 1, so 1
SELECT g, stability, round(difficulty::numeric, 6) AS difficulty FROM pg_catalog.generate_series(1, 4) g, btwin.fsrs6_first_review(g) ORDER BY g;
-- S = 10, D = 5, t = 10: R = 0.9; growth e^1.8722 * 6 * 10^-0.1666 * (e^0.0796 - 1) = 6.502586 * 6 * 0.681397 * 0.0828538 = 2.202673;
-- hard * 0.6014, easy * 1.8729; lapse 1.343912 * (11^0.2629 - 1 = 0.878374) * e^0.16483 = 1.391987, below 10 / e^(0.5425 * 0.0912) = 9.517280;
-- difficulty: 5 - 3.0194 (g - 3) 5/9 = 8.354889, 6.677444, 5, 3.322556, then 0.001 of the way to D0(4) = 7.4133 - e^2.5002 = -4.771631
SELECT g, round(new_stability::numeric, 5) AS stability, round(new_difficulty::numeric, 5) AS difficulty
FROM pg_catalog.generate_series(1, 4) g, btwin.fsrs6_next_review(10, 5, 10, g) ORDER BY g;
-- same day: k = e^(0.5425 (g - 3 + 0.0912)) 10^-0.0658: again 0.305125, hard 0.524907 (raised to 1), good 0.902999 (raised to 1), easy 1.553431
SELECT g, round(new_stability::numeric, 5) AS stability FROM pg_catalog.generate_series(1, 4) g, btwin.fsrs6_next_review(10, 5, 0.999, g) ORDER BY g;
-- exactly one day follows the long rule: R = 0.985682, 10 * 1.304718; a lapse of S = 0.01 would give 0.015264, bounded by S / e^(w17 w18) = 0.009517
SELECT round(a.new_stability::numeric, 5) AS one_day, round(b.new_stability::numeric, 5) AS low_lapse
FROM btwin.fsrs6_next_review(10, 5, 1, 3) a, btwin.fsrs6_next_review(0.01, 1, 1000, 1) b;
-- bounds: stability 36500 and 0.001; difficulty 10 damped is 10, then 0.001 towards -4.771631: 9.985228; difficulty 1 easy is below 1
SELECT a.new_stability AS most, b.new_stability AS least, round(c.new_difficulty::numeric, 6) AS hardest, round(d.new_difficulty::numeric, 5) AS easiest
FROM btwin.fsrs6_next_review(36000, 1, 36500, 4) a, btwin.fsrs6_next_review(0.001, 10, 1, 1) b, btwin.fsrs6_next_review(1, 10, 1, 1) c, btwin.fsrs6_next_review(1, 1, 1, 4) d;
-- other weights: w20 = 0.5 makes f = 19/81; w0 = 1 is the first stability of grade 1
WITH w AS (SELECT pg_catalog.array_fill(1.0::float8, '{20}') || 0.5::float8 AS w)
SELECT round(btwin.fsrs6_retrievability(81, 19, w)::numeric, 9) AS half_power, (btwin.fsrs6_first_review(1, w)).stability FROM w;
SELECT btwin.fsrs6_retrievability(NULL, 1) IS NULL AND btwin.fsrs6_interval(0.9, NULL) IS NULL AND (btwin.fsrs6_first_review(NULL)).stability IS NULL AND (btwin.fsrs6_next_review(1, 1, 1, NULL)).new_stability IS NULL AS nulls;

\echo == parallel and partitionwise give the serial state
CREATE TABLE public.log (user_id int, card text, at timestamptz, recalled bool, elapsed float8) PARTITION BY HASH (user_id);
CREATE TABLE public.log0 PARTITION OF public.log FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE public.log1 PARTITION OF public.log FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO public.log SELECT g % 7, 'card ' || g % 50, '2026-01-01 00:00Z'::timestamptz + interval '1 minute' * (g * 7919 % 300000), g % 5 > 1, (g % 400) / 10.0
FROM pg_catalog.generate_series(1, 20000) g;
ANALYZE public.log;
CREATE FUNCTION public.partial(statement text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE line text; found boolean := false;
BEGIN
    FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || statement LOOP
        found := found OR line LIKE '%Partial Aggregate%' OR line LIKE '%Partial HashAggregate%' OR line LIKE '%Partial GroupAggregate%';
    END LOOP;
    RETURN found;
END $$;
CREATE TABLE public.serial AS
SELECT btwin.forgetting_agg(card, at, recalled)::text AS by_card, btwin.forgetting_agg(elapsed, recalled)::text AS by_pair, btwin.forgetting_agg(elapsed, recalled, user_id, 1)::text AS by_history FROM public.log;
SET min_parallel_table_scan_size = 0; SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET max_parallel_workers_per_gather = 4;
SELECT public.partial('SELECT btwin.forgetting_agg(card, at, recalled), btwin.forgetting_agg(elapsed, recalled), btwin.forgetting_agg(elapsed, recalled, user_id, 1) FROM public.log') AS parallel_plan;
SELECT btwin.forgetting_agg(card, at, recalled)::text = (SELECT by_card FROM public.serial) AS by_card, btwin.forgetting_agg(elapsed, recalled)::text = (SELECT by_pair FROM public.serial) AS by_pair,
       btwin.forgetting_agg(elapsed, recalled, user_id, 1)::text = (SELECT by_history FROM public.serial) AS by_history FROM public.log;
SET parallel_leader_participation = off;
SELECT btwin.forgetting_agg(card, at, recalled)::text = (SELECT by_card FROM public.serial) AS leader_off FROM public.log;
SET max_parallel_workers_per_gather = 0; SET enable_partitionwise_aggregate = on;
SELECT public.partial('SELECT btwin.forgetting_agg(card, at, recalled) FROM public.log') AS partitionwise_plan;
SELECT btwin.forgetting_agg(card, at, recalled)::text = (SELECT by_card FROM public.serial) AS partitionwise FROM public.log;
CREATE TABLE public.day AS SELECT at::date AS day, btwin.forgetting_agg(card, at, recalled) AS s FROM public.log GROUP BY at::date;
SET max_parallel_workers_per_gather = 4;
SELECT public.partial('SELECT btwin.rollup(s) FROM public.day') AS parallel_rollup;
SELECT btwin.rollup(s)::text = (SELECT by_card FROM public.serial) AS days_merged, btwin.seal(btwin.rollup(btwin.seal(s)))::text = btwin.seal(btwin.rollup(s))::text AS sealed_days_merged,
       btwin.half_life(btwin.rollup(btwin.seal(s))) = btwin.half_life(btwin.rollup(s)) AS same_half_life FROM public.day;
RESET enable_partitionwise_aggregate; RESET parallel_leader_participation; RESET max_parallel_workers_per_gather; RESET parallel_tuple_cost; RESET parallel_setup_cost; RESET min_parallel_table_scan_size;

\echo == errors of arguments
SELECT public.fault(s) FROM (VALUES
    ($$SELECT btwin.forgetting_agg('NaN'::float8, true)$$),
    ($$SELECT btwin.forgetting_agg('Infinity'::float8, true)$$),
    ($$SELECT btwin.forgetting_agg(-0.001, true)$$),
    ($$SELECT btwin.forgetting_agg(36525.001, true)$$),
    ($$SELECT btwin.forgetting_agg(1, true, -1, 0)$$),
    ($$SELECT btwin.forgetting_agg(1, true, 0, -1)$$),
    ($$SELECT btwin.forgetting_agg('NaN'::float8, true, 0, 0)$$),
    ($$SELECT btwin.forgetting_agg('', now(), true)$$),
    ($$SELECT btwin.forgetting_agg(repeat('x', 256), now(), true)$$),
    ($$SELECT btwin.forgetting_agg('a', 'infinity'::timestamptz, true)$$),
    ($$SELECT btwin.forgetting_agg('a', '-infinity'::timestamptz, true)$$),
    ($$SELECT btwin.forgetting_agg('c' || g, '2026-01-01 00:00Z'::timestamptz, true) FROM generate_series(1, 100001) g$$),
    ($$SELECT btwin.rollup(s) FROM (SELECT btwin.seal(btwin.forgetting_agg(card, at, recalled)) AS s FROM public.review UNION ALL SELECT btwin.forgetting_agg('a', '2026-03-03 00:00Z'::timestamptz, true)) x$$),
    ($$SELECT btwin.rollup(s) FROM (SELECT btwin.seal(btwin.forgetting_agg(card, at, recalled)) AS s FROM public.review UNION ALL SELECT btwin.forgetting_agg('a', '2026-03-08 00:00Z'::timestamptz, true)) x$$),
    ($$SELECT btwin.rollup(s) FROM (SELECT btwin.seal(btwin.forgetting_agg(card, at, recalled)) AS s FROM public.review GROUP BY card, card = 'a' AND at BETWEEN '2026-03-02 00:00Z' AND '2026-03-04 00:00Z') x$$),
    ($$SELECT btwin.forgetting_agg('card ' || g % 1000, '2000-01-01 00:00Z'::timestamptz + interval '1 minute' * g, true) FROM generate_series(1, 1000001) g$$),
    ($$SELECT btwin.forgetting_agg('card ' || g, '2000-01-01', true) FROM generate_series(1, 100001) g$$),
    ($$SELECT btwin.rollup(s) FROM (SELECT '{"family": "forgetting", "version": 1, "pairs": [{"successes": 0, "lapses": 0, "bin": 64, "reviews": 140737488355328, "recalled": 1, "codes": 2305843009213693952}], "cards": []}'::btwin.forgetting AS s FROM generate_series(1, 2)) x$$),
    ($$SELECT btwin.forgetting_prior_agg(s) FROM (SELECT s FROM (SELECT btwin.forgetting_agg(2 ^ ((b + 0.5) / 4 - 16), true, su, l) AS s FROM generate_series(0, 15) su, generate_series(0, 7) l, generate_series(0, 124) b) x, generate_series(1, 250)
         UNION ALL SELECT btwin.forgetting_agg(1.0, true)) y$$),
    ($$SELECT btwin.retention(s, -1) FROM public.known$$),
    ($$SELECT btwin.retention(s, 'NaN') FROM public.known$$),
    ($$SELECT btwin.retention(s, 1, -1) FROM public.known$$),
    ($$SELECT btwin.retention(s, 1, 0, -1) FROM public.known$$),
    ($$SELECT btwin.retention(s, 1, NULL) FROM public.known$$),
    ($$SELECT btwin.retention(s, 1, 0, NULL) FROM public.known$$),
    ($$SELECT btwin.retention_interval(s, 1, level => 0.4) FROM public.known$$),
    ($$SELECT btwin.retention_interval(s, 1, level => NULL) FROM public.known$$),
    ($$SELECT btwin.retention_interval(s, -1) FROM public.known$$),
    ($$SELECT btwin.half_life_interval(s, 1) FROM public.known$$),
    ($$SELECT btwin.curve(s, 0) FROM public.known$$),
    ($$SELECT btwin.review_interval(s, 0) FROM public.known$$),
    ($$SELECT btwin.review_interval(s, 1) FROM public.known$$),
    ($$SELECT btwin.half_life(s, ROW(1, 0, 1, 0, 1, 0, 1, 0, 1, NULL, 1)::btwin.forgetting_prior) FROM public.known$$),
    ($$SELECT btwin.half_life(s, ROW(1, 0, NULL, 0, 1, 0, 1, 0, 1, 0, 1)::btwin.forgetting_prior) FROM public.known$$),
    ($$SELECT btwin.half_life(s, ROW(1, 0, -1, 0, 1, 0, 1, 0, 1, 0, 1)::btwin.forgetting_prior) FROM public.known$$),
    ($$SELECT btwin.half_life(s, ROW(1, 0, 1, 19, 1, 0, 1, 0, 1, 0, 1)::btwin.forgetting_prior) FROM public.known$$),
    ($$SELECT btwin.half_life(s, ROW(1, 0, 1, 0, 6, 0, 1, 0, 1, 0, 1)::btwin.forgetting_prior) FROM public.known$$),
    ($$SELECT btwin.half_life(s, ROW(1, 0, 1, 0, 1, 'NaN', 1, 0, 1, 0, 1)::btwin.forgetting_prior) FROM public.known$$),
    ($$SELECT btwin.fsrs6_retrievability(-1, 1)$$),
    ($$SELECT btwin.fsrs6_retrievability(1, 0)$$),
    ($$SELECT btwin.fsrs6_retrievability(1, 1, '{1,2}')$$),
    ($$SELECT btwin.fsrs6_retrievability(1, 1, array_fill(0.0::float8, '{21}'))$$),
    ($$SELECT btwin.fsrs6_interval(1, 1)$$),
    ($$SELECT btwin.fsrs6_first_review(0)$$),
    ($$SELECT btwin.fsrs6_first_review(5)$$),
    ($$SELECT btwin.fsrs6_next_review(40000, 5, 1, 3)$$),
    ($$SELECT btwin.fsrs6_next_review(1, 0.5, 1, 3)$$),
    ($$SELECT btwin.fsrs6_next_review(1, 5, -1, 3)$$),
    ($$SELECT btwin.fsrs6_next_review(1, 5, 1, 9)$$),
    ($$SELECT btwin.fsrs6_next_review(1, 5, 1, 3, array_fill(1000.0::float8, '{10}') || 0.0::float8 || array_fill(1000.0::float8, '{10}'))$$)
) x(s);

\echo == errors of text
SELECT public.fault(pg_catalog.format('SELECT %L::btwin.forgetting', t)) FROM (VALUES
    (''), ('{'), ('[]'), ('null'),
    ('{"family": "bandit", "version": 1, "pairs": [], "cards": []}'),
    ('{"family": "forgetting", "version": 0, "pairs": [], "cards": []}'),
    ('{"family": "forgetting", "version": 2, "pairs": [], "cards": []}'),
    ('{"family": "forgetting", "version": 1, "cards": []}'),
    ('{"family": "forgetting", "version": 1, "pairs": []}'),
    ('{"family": "forgetting", "version": 1, "pairs": [], "cards": []} x'),
    ('{"family": "forgetting", "version": 1, "pairs": [{"successes": 16, "lapses": 0, "bin": 64, "reviews": 1, "recalled": 1, "codes": 16384}], "cards": []}'),
    ('{"family": "forgetting", "version": 1, "pairs": [{"successes": 0, "lapses": 8, "bin": 64, "reviews": 1, "recalled": 1, "codes": 16384}], "cards": []}'),
    ('{"family": "forgetting", "version": 1, "pairs": [{"successes": 0, "lapses": 0, "bin": 128, "reviews": 1, "recalled": 1, "codes": 32768}], "cards": []}'),
    ('{"family": "forgetting", "version": 1, "pairs": [{"successes": 0, "lapses": 0, "bin": 64, "reviews": 0, "recalled": 0, "codes": 0}], "cards": []}'),
    ('{"family": "forgetting", "version": 1, "pairs": [{"successes": 0, "lapses": 0, "bin": 64, "reviews": 1, "recalled": 2, "codes": 16384}], "cards": []}'),
    ('{"family": "forgetting", "version": 1, "pairs": [{"successes": 0, "lapses": 0, "bin": 64, "reviews": 1, "recalled": 1, "codes": 16383}], "cards": []}'),
    ('{"family": "forgetting", "version": 1, "pairs": [{"successes": 0, "lapses": 0, "bin": 64, "reviews": 1, "recalled": 1, "codes": 16640}], "cards": []}'),
    ('{"family": "forgetting", "version": 1, "pairs": [{"successes": 0, "lapses": 0, "bin": 64, "reviews": 1, "recalled": 1.0, "codes": 16384}], "cards": []}'),
    ('{"family": "forgetting", "version": 1, "pairs": [{"successes": 0, "lapses": 1, "bin": 64, "reviews": 1, "recalled": 1, "codes": 16384}, {"successes": 0, "lapses": 0, "bin": 64, "reviews": 1, "recalled": 1, "codes": 16384}], "cards": []}'),
    ('{"family": "forgetting", "version": 1, "pairs": [], "cards": [{"card": "", "runs": [{"first": 0, "last": 0, "recalled": 1, "pairs": []}]}]}'),
    ('{"family": "forgetting", "version": 1, "pairs": [], "cards": [{"card": "a", "runs": []}]}'),
    ('{"family": "forgetting", "version": 1, "pairs": [], "cards": [{"card": "a", "runs": [{"first": 0, "last": 1, "recalled": 1, "pairs": []}]}]}'),
    ('{"family": "forgetting", "version": 1, "pairs": [], "cards": [{"card": "a", "runs": [{"first": 0, "last": 0, "recalled": 1, "pairs": [32769]}]}]}'),
    ('{"family": "forgetting", "version": 1, "pairs": [], "cards": [{"card": "a", "runs": [{"first": 0, "last": 86400000000, "recalled": 2, "pairs": [32769]}]}]}'),
    ('{"family": "forgetting", "version": 1, "pairs": [], "cards": [{"card": "a", "runs": [{"first": 0, "last": 86400000000, "recalled": 1, "pairs": [32773]}]}]}'),
    ('{"family": "forgetting", "version": 1, "pairs": [], "cards": [{"card": "a", "runs": [{"first": 0, "last": 86400000000, "recalled": 1, "pairs": [32764]}]}]}'),
    ('{"family": "forgetting", "version": 1, "pairs": [], "cards": [{"card": "a", "runs": [{"first": 0, "last": 86400000000, "recalled": 1, "pairs": [65536]}]}]}'),
    ('{"family": "forgetting", "version": 1, "pairs": [], "cards": [{"card": "a", "runs": [{"first": 5, "last": 5, "recalled": 1, "pairs": []}, {"first": 5, "last": 5, "recalled": 1, "pairs": []}]}]}'),
    ('{"family": "forgetting", "version": 1, "pairs": [], "cards": [{"card": "a", "runs": [{"first": 9223371331200000000, "last": 9223371331200000000, "recalled": 1, "pairs": []}]}]}'),
    ('{"family": "forgetting", "version": 1, "pairs": [], "cards": [{"card": "b", "runs": [{"first": 5, "last": 5, "recalled": 1, "pairs": []}]}, {"card": "a", "runs": [{"first": 5, "last": 5, "recalled": 1, "pairs": []}]}]}'),
    ('{"family": "forgetting", "version": 1, "pairs": [], "cards": [{"card": "b", "runs": [{"first": 5, "last": 5, "recalled": 1, "pairs": []}]}, {"card": "b", "runs": [{"first": 6, "last": 6, "recalled": 1, "pairs": []}]}]}')
) x(t);

-- a gap of code 16384 lasts 2^(-0.5/1024) to 2^(0.5/1024) days
SELECT c, public.fault(pg_catalog.format('SELECT %L::btwin.forgetting', '{"family": "forgetting", "version": 1, "pairs": [], "cards": [{"card": "a", "runs": [{"first": 0, "last": ' || round(86400000000 * 2::float8 ^ (c / 1024)) || ', "recalled": 1, "pairs": [32769]}]}]}')) AS fault
FROM pg_catalog.unnest('{-0.52,-0.48,0.48,0.52}'::float8[]) c ORDER BY c;
-- the shortest gaps have no lower end, the longest no upper one
SELECT public.fault($$SELECT '{"family": "forgetting", "version": 1, "pairs": [], "cards": [{"card": "a", "runs": [{"first": 0, "last": 1, "recalled": 1, "pairs": [1]}]}]}'::btwin.forgetting$$),
       public.fault($$SELECT '{"family": "forgetting", "version": 1, "pairs": [], "cards": [{"card": "a", "runs": [{"first": 0, "last": 9000000000000000000, "recalled": 1, "pairs": [65535]}]}]}'::btwin.forgetting$$);

\echo == errors of bytes: a bytea column is, in binary COPY, the bytes themselves
CREATE TABLE public.received (s btwin.forgetting);
CREATE FUNCTION public.receive(bytes bytea) RETURNS text LANGUAGE plpgsql AS $$
DECLARE path text := pg_catalog.current_setting('data_directory') || '/forgetting_state.bin';
BEGIN
    EXECUTE pg_catalog.format('COPY (SELECT %L::bytea) TO %L (FORMAT binary)', bytes, path);
    RETURN public.fault(pg_catalog.format('COPY public.received FROM %L (FORMAT binary)', path));
END $$;
-- header 02 01 00 00, no cells, one card "a" (01 61), one run: flags 01 (recalled), first 0; and a run of two reviews a day apart, code 16384, recalled
SELECT public.receive('\x02010000 00000000 00000001 0161 00000001 01 0000000000000000');
SELECT public.receive('\x02010000 00000000 00000001 0161 00000001 02 0000000000000000 000000141dd76000 00000001 8001');
-- condensed: a cell of one review, a card counted with it
SELECT public.receive('\x02010000 00000001 00 40 0000000000000001 0000000000000001 0000000000004000 00000001 0161 00000001 05 0000000000000000 000000141dd76000 00000001 00000000');
TABLE public.received;
SELECT public.receive(bytes::bytea) FROM (VALUES
    -- family, version, reserved bytes
    (1, '\x03010000 00000000 00000000'),
    (2, '\x02020000 00000000 00000000'),
    (3, '\x02000000 00000000 00000000'),
    (4, '\x02010100 00000000 00000000'),
    (5, '\x02010001 00000000 00000000'),
    -- too short, too long, counts without elements
    (6, '\x0201'),
    (7, '\x02010000 00000000 000000'),
    (8, '\x02010000 00000000 00000000 00'),
    (9, '\x02010000 7fffffff 00000000'),
    (10, '\x02010000 ffffffff 00000000'),
    (11, '\x02010000 00000000 00000002 0161 00000001 01 0000000000000000'),
    (12, '\x02010000 00000000 00000001 0161 00000000 01 0000000000000000'),
    -- cells: outside the grid, out of order, impossible counts
    (13, '\x02010000 00000001 80 40 0000000000000001 0000000000000001 0000000000004000 00000000'),
    (14, '\x02010000 00000001 00 80 0000000000000001 0000000000000001 0000000000008000 00000000'),
    (15, '\x02010000 00000002 00 40 0000000000000001 0000000000000001 0000000000004000 00 40 0000000000000001 0000000000000001 0000000000004000 00000000'),
    (16, '\x02010000 00000001 00 40 0000000000000000 0000000000000000 0000000000000000 00000000'),
    (17, '\x02010000 00000001 00 40 0000000000000001 ffffffffffffffff 0000000000004000 00000000'),
    (18, '\x02010000 00000001 00 40 0000000000000001 0000000000000001 0000000000003fff 00000000'),
    -- runs: unknown flags, no pairs, ends before it begins, gaps that do not add up, times out of range
    (19, '\x02010000 00000000 00000001 0161 00000001 08 0000000000000000'),
    (20, '\x02010000 00000000 00000001 0161 00000001 02 0000000000000000 000000141dd76000 00000000'),
    (21, '\x02010000 00000000 00000001 0161 00000001 02 0000000000000000 0000000000000000 00000001 8001'),
    (22, '\x02010000 00000000 00000001 0161 00000001 02 0000000000000000 000000141dd76000 00000001 8801'),
    (23, '\x02010000 00000000 00000001 0161 00000001 01 7fffffffffffffff'),
    -- cards: empty name, not text, out of order, runs out of order
    (24, '\x02010000 00000000 00000001 00 00000001 01 0000000000000000 00'),
    (25, '\x02010000 00000000 00000001 01ff 00000001 01 0000000000000000'),
    (26, '\x02010000 00000000 00000002 0162 00000001 01 0000000000000000 0161 00000001 01 0000000000000000'),
    (28, '\x02010000 00000000 00000002 0161 00000001 01 0000000000000000 0161 00000001 01 0000000000000001'),
    (27, '\x02010000 00000000 00000001 0161 00000002 01 0000000000000000 01 0000000000000000'),
    -- counted runs: with pairs, of one review, of negative ones, ends before it begins, not the first, more than the cells hold
    (29, '\x02010000 00000001 00 40 0000000000000001 0000000000000001 0000000000004000 00000001 0161 00000001 07 0000000000000000 000000141dd76000 00000001 00000000'),
    (30, '\x02010000 00000001 00 40 0000000000000001 0000000000000001 0000000000004000 00000001 0161 00000001 05 0000000000000000 000000141dd76000 00000000 00000000'),
    (31, '\x02010000 00000001 00 40 0000000000000001 0000000000000001 0000000000004000 00000001 0161 00000001 05 0000000000000000 000000141dd76000 00000002 ffffffff'),
    (32, '\x02010000 00000001 00 40 0000000000000001 0000000000000001 0000000000004000 00000001 0161 00000001 05 0000000000000000 0000000000000000 00000001 00000000'),
    (33, '\x02010000 00000001 00 40 0000000000000001 0000000000000001 0000000000004000 00000001 0161 00000002 01 ffffffffffffffff 05 0000000000000000 000000141dd76000 00000001 00000000'),
    (34, '\x02010000 00000001 00 40 0000000000000001 0000000000000001 0000000000004000 00000001 0161 00000001 05 0000000000000000 000000141dd76000 00000001 00000001'),
    (35, '\x02010000 00000001 00 40 0000000000000001 0000000000000001 0000000000004000 00000001 0161 00000001 04 0000000000000000 000000141dd76000 00000000 00000001'),
    -- the same of the largest cell, 2^47 reviews of code 16384, none of them recalled
    (36, '\x02010000 00000001 00 40 0000800000000000 0000000000000000 2000000000000000 00000001 0161 00000001 05 0000000000000000 000000141dd76000 00000001 00000000')
) v(number, bytes) ORDER BY number;
COPY (SELECT) TO PROGRAM 'rm -f forgetting_state.bin';

DROP FUNCTION public.fault, public.partial, public.receive;
DROP TABLE public.pair, public.review, public.state, public.copied, public.known, public.fast, public.learner, public.log, public.day, public.serial, public.received;
