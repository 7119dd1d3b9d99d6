-- pattern: type, aggregates, accessors, errors
\set VERBOSITY default
SET search_path = '';
SET extra_float_digits = 0;
SET timezone = 'UTC';
SET datestyle = 'ISO, MDY';

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

CREATE TABLE public.session (bucket text, hour int, score float8, day date);
-- 9: 1 and 3 on one day, 2 on another; 10: 5
INSERT INTO public.session VALUES ('9', 9, 3, '2024-01-02'), ('10', 10, 5, '2024-01-01'), (NULL, NULL, 1, '2024-01-01'), ('9', 9, NULL, '2024-01-01'),
    ('9', 9, 1, '2024-01-02'), ('9', 9, 2, '2024-01-03'), ('9', 9, 7, NULL);

\echo == text form, order of rows, empty states
-- 1 and 3: sum 4, squared deviations (1-2)^2 + (3-2)^2 = 2
SELECT btwin.pattern_agg(bucket, score, day) FROM public.session;
-- without the day: 3, 1, 2, 7: sum 13, squared deviations 63 - 169/4 = 20.75
SELECT btwin.pattern_agg(bucket, score) FROM public.session;
SELECT btwin.pattern_agg(bucket, score, day)::jsonb -> 'buckets' -> 1 -> 'days' -> 0 AS as_jsonb FROM public.session;
SELECT btwin.pattern_agg(bucket, score, day ORDER BY score)::text = btwin.pattern_agg(bucket, score, day ORDER BY score DESC)::text AS any_order,
       btwin.pattern_agg(hour, score, day)::text = btwin.pattern_agg(bucket, score, day)::text AS int_is_text,
       btwin.pattern_agg(hour, score)::text = btwin.pattern_agg(bucket, score)::text AS int_is_text_undated,
       btwin.pattern_agg(hour, score, 2.0::float8)::text = btwin.pattern_agg(bucket, score, 2.0::float8)::text AS int_is_text_weighted,
       btwin.pattern_agg(hour, score, day, 2.0)::text = btwin.pattern_agg(bucket, score, day, 2.0)::text AS int_is_text_both
FROM public.session;
SELECT btwin.pattern_agg(bucket, score) IS NULL AS no_rows FROM public.session WHERE false;
SELECT btwin.pattern_agg(bucket, score) AS only_nulls, btwin.pattern_agg(bucket, score, day, NULL::float8)::text = btwin.pattern_agg(bucket, score)::text AS null_weight
FROM public.session WHERE bucket IS NULL;
SELECT btwin.pattern_agg(-2147483648, 0.5), btwin.pattern_agg(2147483647, -0.0);
-- many integers: the table of integers grows; 1000 buckets are the bound
SELECT btwin.pattern_agg(g % 1000, g / 7.0)::text = btwin.pattern_agg((g % 1000)::text, g / 7.0)::text AS thousand FROM pg_catalog.generate_series(1, 5000) g;

\echo == text and binary round trips are exact
CREATE TABLE public.state (name text, s btwin.pattern);
INSERT INTO public.state VALUES
    ('empty', (SELECT btwin.pattern_agg(NULL::text, 1.0))),
    ('dated', (SELECT btwin.pattern_agg(bucket, score, day) FROM public.session)),
    ('both', (SELECT btwin.rollup(x) FROM (SELECT btwin.pattern_agg(bucket, score, day) AS x FROM public.session UNION ALL SELECT btwin.pattern_agg(bucket, score) FROM public.session) y)),
    ('odd', (SELECT btwin.pattern_agg(v.b, v.y, v.d) FROM (VALUES ('"quoted" \ and '||chr(9)||' tab', 0.1, date '0001-01-01'), ('é', 1e-150, '9999-12-31'), ('é', 1e150, '9999-12-31'), ('third', 1.0/3, '2000-02-29')) v(b, y, d))),
    ('large', (SELECT btwin.pattern_agg('b'||(g % 1000), g / 7.0, date '2020-01-01' + g / 1000) FROM pg_catalog.generate_series(0, 19999) g));
SELECT name, s::text::btwin.pattern::text = s::text AS text_exact, btwin.pattern_send(s::text::btwin.pattern) = btwin.pattern_send(s) AS bytes_exact, pg_catalog.length(btwin.pattern_send(s)) AS bytes
FROM public.state ORDER BY name COLLATE "C";
\copy public.state TO 'results/pattern_state.bin' WITH (FORMAT binary)
CREATE TABLE public.again (LIKE public.state);
\copy public.again FROM 'results/pattern_state.bin' WITH (FORMAT binary)
SELECT count(*) AS copied, bool_and(a.s::text = s.s::text) AS equal FROM public.state s JOIN public.again a USING (name);

\echo == binary input refuses what it should: each case is bytes in the place of a state
-- layout: family 1, version 1, 0, 0; buckets (4); length of name (1), name; undated (1); [rows (8), weight, sum, squares (8 each)]; days (4); per day: day (4), rows ...
CREATE TABLE public.bytes (x bytea);
CREATE TABLE public.states (s btwin.pattern);
\set good '\\x01010000' '00000001' '0161' '01' '0000000000000002' '4000000000000000' '4008000000000000' '3fe0000000000000' '00000000'
INSERT INTO public.bytes SELECT (:'good')::bytea;
\copy public.bytes TO 'results/pattern_bad.bin' WITH (FORMAT binary)
\copy public.states FROM 'results/pattern_bad.bin' WITH (FORMAT binary)
SELECT s FROM public.states;
\set refused 'TRUNCATE public.bytes; INSERT INTO public.bytes SELECT (:''bad'')::bytea;'
\set VERBOSITY terse
-- family of another type
\set bad '\\x06010000' '00000000'
:refused
\copy public.bytes TO 'results/pattern_bad.bin' WITH (FORMAT binary)
\copy public.states FROM 'results/pattern_bad.bin' WITH (FORMAT binary)
-- version 2
\set bad '\\x01020000' '00000000'
:refused
\copy public.bytes TO 'results/pattern_bad.bin' WITH (FORMAT binary)
\copy public.states FROM 'results/pattern_bad.bin' WITH (FORMAT binary)
-- reserved bytes
\set bad '\\x01010100' '00000000'
:refused
\copy public.bytes TO 'results/pattern_bad.bin' WITH (FORMAT binary)
\copy public.states FROM 'results/pattern_bad.bin' WITH (FORMAT binary)
-- header cut
\set bad '\\x0101'
:refused
\copy public.bytes TO 'results/pattern_bad.bin' WITH (FORMAT binary)
\copy public.states FROM 'results/pattern_bad.bin' WITH (FORMAT binary)
\set VERBOSITY default
-- 1001 buckets
\set bad '\\x01010000' '000003e9'
:refused
\copy public.bytes TO 'results/pattern_bad.bin' WITH (FORMAT binary)
\copy public.states FROM 'results/pattern_bad.bin' WITH (FORMAT binary)
-- the same bucket twice
\set bad '\\x01010000' '00000002' '0161' '01' '0000000000000002' '4000000000000000' '4008000000000000' '3fe0000000000000' '00000000' '0161' '01' '0000000000000002' '4000000000000000' '4008000000000000' '3fe0000000000000' '00000000'
:refused
\copy public.bytes TO 'results/pattern_bad.bin' WITH (FORMAT binary)
\copy public.states FROM 'results/pattern_bad.bin' WITH (FORMAT binary)
-- a mark of 2
\set bad '\\x01010000' '00000001' '0161' '02' '00000000'
:refused
\copy public.bytes TO 'results/pattern_bad.bin' WITH (FORMAT binary)
\copy public.states FROM 'results/pattern_bad.bin' WITH (FORMAT binary)
-- a bucket without rows
\set bad '\\x01010000' '00000001' '0161' '00' '00000000'
:refused
\copy public.bytes TO 'results/pattern_bad.bin' WITH (FORMAT binary)
\copy public.states FROM 'results/pattern_bad.bin' WITH (FORMAT binary)
-- zero rows
\set bad '\\x01010000' '00000001' '0161' '01' '0000000000000000' '4000000000000000' '4008000000000000' '3fe0000000000000' '00000000'
:refused
\copy public.bytes TO 'results/pattern_bad.bin' WITH (FORMAT binary)
\copy public.states FROM 'results/pattern_bad.bin' WITH (FORMAT binary)
-- weight -2
\set bad '\\x01010000' '00000001' '0161' '01' '0000000000000002' 'c000000000000000' '4008000000000000' '3fe0000000000000' '00000000'
:refused
\copy public.bytes TO 'results/pattern_bad.bin' WITH (FORMAT binary)
\copy public.states FROM 'results/pattern_bad.bin' WITH (FORMAT binary)
-- NaN as sum
\set bad '\\x01010000' '00000001' '0161' '01' '0000000000000002' '4000000000000000' '7ff8000000000000' '3fe0000000000000' '00000000'
:refused
\copy public.bytes TO 'results/pattern_bad.bin' WITH (FORMAT binary)
\copy public.states FROM 'results/pattern_bad.bin' WITH (FORMAT binary)
-- 20001 days announced
\set bad '\\x01010000' '00000001' '0161' '00' '00004e21'
:refused
\copy public.bytes TO 'results/pattern_bad.bin' WITH (FORMAT binary)
\copy public.states FROM 'results/pattern_bad.bin' WITH (FORMAT binary)
-- the same day twice
\set bad '\\x01010000' '00000001' '0161' '00' '00000002' '00000007' '0000000000000001' '3ff0000000000000' '3ff0000000000000' '0000000000000000' '00000007' '0000000000000001' '3ff0000000000000' '3ff0000000000000' '0000000000000000'
:refused
\copy public.bytes TO 'results/pattern_bad.bin' WITH (FORMAT binary)
\copy public.states FROM 'results/pattern_bad.bin' WITH (FORMAT binary)
-- a day beyond 9999
\set bad '\\x01010000' '00000001' '0161' '00' '00000001' '7fffffff' '0000000000000001' '3ff0000000000000' '3ff0000000000000' '0000000000000000'
:refused
\copy public.bytes TO 'results/pattern_bad.bin' WITH (FORMAT binary)
\copy public.states FROM 'results/pattern_bad.bin' WITH (FORMAT binary)
-- a byte too much
\set bad :good '00'
:refused
\copy public.bytes TO 'results/pattern_bad.bin' WITH (FORMAT binary)
\copy public.states FROM 'results/pattern_bad.bin' WITH (FORMAT binary)

\echo == two buckets with equal means: the closed form
-- 8 rows each, same scores: information 16/4 = 4, score 0. The Bayes factor of
-- a better bucket is (1 + tau^2 I)^(-3/2) = 2^(-3/2) = 0.353553 with tau 1/2;
-- prior 0.5 for none, 0.25 per bucket: 0.25 f / (0.5 + 0.5 f) = 0.130602
CREATE TABLE public.even AS SELECT b, y::float8 FROM pg_catalog.unnest('{a,b}'::text[]) b, pg_catalog.generate_series(1, 8) y;
SELECT bucket, evidence_count, days, weight, mean, effect, p_value, q_value, round(confidence::numeric, 6) AS confidence, shrunk_effect
FROM btwin.buckets((SELECT btwin.pattern_agg(b, y) FROM public.even));
-- pooled variance 2 * 42 / 14 = 6, error sqrt(6 * (1/8 + 1/8)) = 1.224745,
-- t(0.975; 14) = 2.144787: half a width of 2.626816
SELECT bucket, round(effect_low::numeric, 6) AS low, round(effect_high::numeric, 6) AS high FROM btwin.buckets((SELECT btwin.pattern_agg(b, y) FROM public.even));
-- a row of next to no weight has a mean: 7
SELECT bucket, weight, mean FROM btwin.buckets((SELECT btwin.pattern_agg(b, y, w) FROM (SELECT b, y, 1.0::float8 AS w FROM public.even UNION ALL VALUES ('c', 7, 0.005)) x));
-- best_bucket: below 0.8 there is no habit; asked for anything, the first
SELECT bucket, round(confidence::numeric, 6) AS confidence, evidence_count, reason FROM btwin.best_bucket((SELECT btwin.pattern_agg(b, y) FROM public.even));
-- P(a) = P(b): one more sample favours either with 1/2
SELECT bucket, round(confidence::numeric, 6) AS confidence, round(replication::numeric, 6) AS replication, evidence_count, days, reason
FROM btwin.best_bucket((SELECT btwin.pattern_agg(b, y) FROM public.even), 0.1306);
SELECT bucket FROM btwin.best_bucket((SELECT btwin.pattern_agg(b, y) FROM public.even), 0.1307);
-- the default: b better by 2.7 and by 3.2, confidence just below and well above 0.8
SELECT better, bucket, round(confidence::numeric, 2) AS confidence, reason
FROM (VALUES (2.7), (3.2)) v(better), LATERAL btwin.best_bucket((SELECT btwin.pattern_agg(b, y + CASE b WHEN 'b' THEN better ELSE 0 END) FROM public.even)) ORDER BY better;

\echo == four buckets, equal means: windows and groups by the closed form
-- 4 rows each. A window of two: I = 8 * 8 / 16 = 4, factor f = 0.353553; prior
-- 0.5 / 4 each: 0.125 f / (0.5 + 0.5 f) = 0.065301, two windows hold a bucket: 0.130602
CREATE TABLE public.four AS SELECT b, y::float8, date '2024-01-01' + (b * 4 + y - 1) * 7 AS day FROM pg_catalog.generate_series(0, 3) b, pg_catalog.generate_series(1, 4) y;
SELECT bucket, round(confidence::numeric, 6) AS confidence FROM btwin.buckets((SELECT btwin.pattern_agg(b, y) FROM public.four), 2, 4);
-- groups: one of four, or all but one: I = 4 * 12 / 16 = 3, f1 = 1.75^(-3/2) = 0.431959;
-- pairs: I = 4, f2 = 0.353553. Sum of prior * factor: 0.5 (0.85 f1 + 0.05 f1 + 0.10 f2) = 0.212059;
-- a bucket: 0.425 f1 / 4 + 3 pairs of 6: 0.05 f2 / 2 = 0.045896 + 0.008839 = 0.054735; / (0.5 + 0.212059) = 0.076868
SELECT bucket, round(confidence::numeric, 6) AS confidence FROM btwin.buckets((SELECT btwin.pattern_agg(b, y) FROM public.four));
-- the default of best_window: 1 and 2 better by 1.7 and by 1.95, confidence below 0.8 and above
SELECT better, window_start, round(confidence::numeric, 2) AS confidence, reason
FROM (VALUES (1.7), (1.95)) v(better), LATERAL btwin.best_window((SELECT btwin.pattern_agg(b, y + CASE WHEN b IN (1, 2) THEN better ELSE 0 END) FROM public.four), 2, 4) ORDER BY better;
-- a window that starts at 0 is one like the others
SELECT window_start, window_end, confidence > 0.9 AS sure, habit_confidence > 0.9 AS habit
FROM btwin.best_window((SELECT btwin.pattern_agg(b, y + CASE WHEN b < 2 THEN 4 ELSE 0 END) FROM public.four), 2, 4);
-- three: pairs and "all but one" claim nothing. 4 rows each of 12: I = 4 * 8 / 12 = 8/3, f = (5/3)^(-3/2) = 0.464758;
-- 0.5 * 0.85 f / 3 / (0.5 + 0.5 f) = 0.0658408 / 0.732379 = 0.089900
SELECT bucket, round(confidence::numeric, 6) AS confidence FROM btwin.buckets((SELECT btwin.pattern_agg(b, y) FROM public.four WHERE b < 3));

\echo == effects of independent rows: the pooled t test
-- a: 1 2 3 (mean 2), b: 4 6 (mean 5): effect 3, pooled variance (2 + 2) / 3, error sqrt(4/3 * (1/3 + 1/2)) = 1.054093,
-- t = 2.846050, df 3: p = 0.065321 (scipy.stats.ttest_ind), t(0.975; 3) = 3.182446: 3 -+ 3.354593
SELECT bucket, mean, round(effect::numeric, 6) AS effect, round(effect_low::numeric, 6) AS low, round(effect_high::numeric, 6) AS high, round(p_value::numeric, 6) AS p, round(q_value::numeric, 6) AS q
FROM btwin.buckets((SELECT btwin.pattern_agg(b, y) FROM (VALUES ('a', 1), ('a', 2), ('a', 3), ('b', 4), ('b', 6)) v(b, y)));
-- weights are repetitions
SELECT (SELECT pg_catalog.array_agg(round(confidence::numeric, 12)) FROM btwin.buckets((SELECT btwin.pattern_agg(b, y, 3.0::float8) FROM public.even)))
     = (SELECT pg_catalog.array_agg(round(confidence::numeric, 12)) FROM btwin.buckets((SELECT btwin.pattern_agg(b, y) FROM public.even, pg_catalog.generate_series(1, 3)))) AS weights_repeat;
-- shift and scale of the scores change no probability
SELECT (SELECT pg_catalog.array_agg(round(confidence::numeric, 6)) FROM btwin.buckets((SELECT btwin.pattern_agg(b, y + b) FROM public.four)))
     = (SELECT pg_catalog.array_agg(round(confidence::numeric, 6)) FROM btwin.buckets((SELECT btwin.pattern_agg(b, 1e3 - 100 + (y + b) * 1e-3) FROM public.four))) AS shift_and_scale;

\echo == a learner with a peak from 9 to 11, and one without
-- noise: even over a width of 0.5 (SD 0.144), fixed; 180 sessions on 180 days, at 6, 7, ... 20 o'clock in turn
CREATE TABLE public.learner AS
SELECT k AS kind, 6 + g % 15 AS hour, date '2024-01-01' + g AS day,
       0.7 + 0.5 * (((g * g * 7919 + g * 4729 + k * 311) % 1009) / 1009.0 - 0.5) + CASE WHEN k = 1 AND 6 + g % 15 BETWEEN 9 AND 11 THEN 0.15 ELSE 0 END AS score,
       10 * (1 + g % 9) AS minutes
FROM pg_catalog.generate_series(0, 179) g, pg_catalog.generate_series(0, 1) k;
SELECT kind, window_start, window_end, round(confidence::numeric, 4) AS confidence, round(habit_confidence::numeric, 4) AS habit, round(effect::numeric, 4) AS effect,
       effect_low < 0.15 AND effect_high > 0.15 AS covers, round(shrunk_effect::numeric, 4) AS shrunk, p_value < 0.001 AS p, q_value < 0.01 AS q, round(replication::numeric, 4) AS replication, evidence_count, days, reason
FROM (SELECT kind, btwin.pattern_agg(hour, score, day) AS p FROM public.learner GROUP BY kind) x, LATERAL btwin.best_window(p, 3) ORDER BY kind;
SELECT bucket, round(confidence::numeric, 4) AS confidence, round(shrunk_effect::numeric, 4) AS shrunk
FROM (SELECT btwin.pattern_agg(hour, score, day) AS p FROM public.learner WHERE kind = 1) x, LATERAL btwin.buckets(p, 3) WHERE bucket::int BETWEEN 7 AND 13;
SELECT btwin.confidence(p, 10, 3) = b.confidence AS window_same, btwin.confidence(p, 10) = btwin.confidence(p, '10') AS int_same, btwin.confidence(p, 10) = c.confidence AS same
FROM (SELECT btwin.pattern_agg(hour, score, day) AS p FROM public.learner WHERE kind = 1) x, LATERAL btwin.buckets(p, 3) b, LATERAL btwin.buckets(p) c WHERE b.bucket = '10' AND c.bucket = '10';
-- a window that runs past midnight: hours moved by 14: 23, 0, 1
SELECT window_start, window_end, evidence_count FROM btwin.best_window((SELECT btwin.pattern_agg((hour + 14) % 24, score, day) FROM public.learner WHERE kind = 1), 3);
-- certain: nine hours of confidence 1, of which nine ninths are 1.0000000000000002; probabilities of windows that sum past 1 by rounding
SELECT window_start, confidence BETWEEN 1 - 1e-12 AND 1 AS certain FROM btwin.best_window((SELECT btwin.pattern_agg(h, (h BETWEEN 7 AND 15)::int + s * 0.1, 500::float8) FROM pg_catalog.generate_series(0, 23) h, (VALUES (-1), (1)) v(s)), 9);
SELECT max(confidence) <= 1 AS confidence, max(habit_confidence) BETWEEN 1 - 1e-12 AND 1 AS habit
FROM (SELECT btwin.pattern_agg(h, 0.1 * (h * (k + 3) % 7) + CASE WHEN h BETWEEN 6 AND 8 THEN 3 + 0.01 * k ELSE 0 END + s * 0.5, 20::float8) AS p
      FROM pg_catalog.generate_series(0, 99) k, pg_catalog.generate_series(0, 23) h, (VALUES (-1), (1)) v(s) GROUP BY k) x, LATERAL btwin.best_window(p, 5);
\echo == contributions sum to the confidence
SELECT factor, round(value::numeric, 4) AS value, weight, round(contribution::numeric, 4) AS contribution
FROM btwin.contributions((SELECT btwin.pattern_agg(hour, score, day) FROM public.learner WHERE kind = 1), 10, 3);
SELECT kind, abs((SELECT sum(contribution) FROM btwin.contributions(p, 10, 3)) - btwin.confidence(p, 10, 3)) < 1e-12 AS window_sums,
       abs((SELECT sum(contribution) FROM btwin.contributions(p, 10)) - btwin.confidence(p, 10)) < 1e-12 AS bucket_sums,
       (SELECT count(*) FROM btwin.contributions(p, '10')) AS steps
FROM (SELECT kind, btwin.pattern_agg(hour, score, day) AS p FROM public.learner GROUP BY kind) x ORDER BY kind;
-- without days: no recency, no inflation. No difference in 20 rows: I = 10 * 10 / 20 = 5, f = 2.25^(-3/2) = 0.296296, 0.5 f / (0.5 + 0.5 f) = 0.228571: -0.2714;
-- in 16 rows: f = 0.353553: 0.261204: +0.0326; as one of two: 0.130602
SELECT factor, round(value::numeric, 4) AS value, round(contribution::numeric, 4) AS contribution
FROM btwin.contributions((SELECT btwin.pattern_agg(b, y) FROM public.even), 'a');
-- an hour that hardly anything is claimed of has its share of changes too
SELECT contribution < 0.01 AS slight, value BETWEEN 0.01 AND 0.99 AS share
FROM btwin.contributions((SELECT btwin.pattern_agg(hour, score, day) FROM public.learner WHERE kind = 1), 18, 3) WHERE factor = 'recency';
SELECT sum(probability) < 0.01 AS hardly FROM (SELECT btwin.confidence(btwin.pattern_agg(hour, score, day), 18, 3) AS probability FROM public.learner WHERE kind = 1) x;
\echo == a habit that moved: what holds is the later one
SELECT window_start, window_end, confidence > 0.8 AS sure
FROM btwin.best_window((SELECT btwin.pattern_agg(hour, CASE WHEN day >= '2024-01-01'::date + 90 THEN score + 0.25 * (hour BETWEEN 15 AND 17)::int ELSE score END, day) FROM public.learner WHERE kind = 0), 3);
SELECT window_start, window_end, confidence < 0.8 AS unsure, reason
FROM btwin.best_window((SELECT btwin.pattern_agg(hour, CASE WHEN day < '2024-01-01'::date + 90 THEN score + 0.25 * (hour BETWEEN 15 AND 17)::int ELSE score END, day) FROM public.learner WHERE kind = 0), 3);
\echo == clusters: 20 rows a day that share a deviation are not 20 times the evidence
CREATE TABLE public.clustered AS
SELECT CASE WHEN d % 2 = 0 THEN 'a' ELSE 'b' END AS bucket, date '2024-01-01' + 7 * d AS day,
       (ARRAY[0.10, -0.05, -0.10, 0.08, 0.02, 0.10, 0.07, -0.02, 0.06, -0.09])[d + 1] + 0.01 * (g % 5 - 2) + 0.04 * (d % 2 = 0)::int AS score
FROM pg_catalog.generate_series(0, 9) d, pg_catalog.generate_series(1, 20) g;
SELECT round(btwin.confidence(btwin.pattern_agg(bucket, score, day), 'a')::numeric, 4) AS by_day,
       round(btwin.confidence(btwin.pattern_agg(bucket, score), 'a')::numeric, 4) AS as_if_independent FROM public.clustered;
-- day means 0.14 -0.06 0.06 0.11 0.10 (mean 0.07) and -0.05 0.08 0.10 -0.02 -0.09 (0.004): effect 0.066; their own t test:
-- pooled variance (0.0244 + 0.02732) / 8, error 0.05085, t(0.975; 8) = 2.306: -0.0513 to 0.1833
SELECT round(effect::numeric, 4) AS effect, round(effect_low::numeric, 4) AS low, round(effect_high::numeric, 4) AS high, p_value > 0.05 AS p, days
FROM btwin.buckets((SELECT btwin.pattern_agg(bucket, score, day) FROM public.clustered)) WHERE bucket = 'a';
SELECT round(value::numeric, 2) AS inflation FROM btwin.contributions((SELECT btwin.pattern_agg(bucket, score, day) FROM public.clustered), 'a') WHERE factor = 'consistency';
-- 20 rows of a bucket on one day count as 20 / (1 + 19 * 0.05) = 20 / 1.95; where all is one day there is nothing else in a day
SELECT abs(btwin.confidence(btwin.pattern_agg(bucket, score, date '2024-01-01'), 'a') - btwin.confidence(btwin.pattern_agg(bucket, score, 1 / 1.95), 'a')) < 1e-12 AS discounted
FROM public.clustered WHERE day < '2024-01-15';
-- weeks: the same rows on the five days from Monday to Friday of one week each
SELECT round(btwin.confidence(btwin.pattern_agg(bucket, score, day + g::int % 5), 'a')::numeric, 4) AS by_week
FROM (SELECT *, row_number() OVER (PARTITION BY day) AS g FROM public.clustered) x;

\echo == a limit: the score falls by 0.004 per minute beyond 45
-- the place by the twin's posterior; slope: mean -+ 1.96 standard deviations of its posterior, around the true -0.004
SELECT round(limit_at::numeric, 1) AS limit_at, limit_low, limit_high, round(slope::numeric, 5) AS slope, round(slope_low::numeric, 5) AS slope_low, round(slope_high::numeric, 5) AS slope_high,
       round(effect::numeric, 4) AS effect, confidence > 0.95 AS sure, evidence_count, days, reason
FROM btwin.best_limit((SELECT btwin.pattern_agg(minutes, score - 0.004 * greatest(0, minutes - 45), day) FROM public.learner WHERE kind = 0));
-- minute by minute: 2.5 and 97.5 % of the posterior
SELECT limit_low, limit_high FROM btwin.best_limit((SELECT btwin.pattern_agg(minutes + (day - '2024-01-01'::date) % 10, score - 0.004 * greatest(0, minutes + (day - '2024-01-01'::date) % 10 - 45), day) FROM public.learner WHERE kind = 0));
SELECT limit_at, slope, round(confidence::numeric, 4) AS confidence, reason FROM btwin.best_limit((SELECT btwin.pattern_agg(minutes, score, day) FROM public.learner WHERE kind = 0));
-- the default of best_limit: a fall too gentle to be sure of, and one of confidence between 0.8 and 0.88
SELECT fall, limit_at IS NOT NULL AS is_limit, round(confidence::numeric, 2) AS confidence, reason
FROM (VALUES (0.0004), (0.00055)) v(fall), LATERAL btwin.best_limit((SELECT btwin.pattern_agg(minutes, score - fall * greatest(0, minutes - 45), day) FROM public.learner WHERE kind = 0)) ORDER BY fall;
-- what rises is no limit
SELECT limit_at, round(confidence::numeric, 4) AS confidence, reason FROM btwin.best_limit((SELECT btwin.pattern_agg(minutes, score + 0.004 * minutes, day) FROM public.learner WHERE kind = 0));

-- even where any confidence will do, one below 0.01; but none where nothing speaks for it: 20000 rows of noise 1 that rise by 1
SELECT limit_at IS NOT NULL AS is_limit, confidence BETWEEN 1e-9 AND 0.01 AS hardly FROM btwin.best_limit((SELECT btwin.pattern_agg(minutes, score + 0.0015 * minutes, day) FROM public.learner WHERE kind = 0), 0);
SELECT limit_at, confidence, reason FROM btwin.best_limit((SELECT btwin.pattern_agg(m, m + s, 1e4::float8) FROM pg_catalog.generate_series(0, 3) m, (VALUES (-1), (1)) v(s)), 0);

\echo == nothing to compare: NULL with a reason; just enough to compare
SELECT (SELECT reason FROM btwin.best_bucket((SELECT btwin.pattern_agg(b, y) FROM (VALUES ('a', 1), ('a', 2), ('b', 3)) v(b, y)))) AS three_rows,
       (SELECT reason FROM btwin.best_bucket((SELECT btwin.pattern_agg(b, y, 0.51::float8) FROM (VALUES ('a', 1), ('a', 2), ('b', 3), ('b', 3)) v(b, y)))) AS weight_2_04;
SELECT name, bucket, confidence, evidence_count, reason, (SELECT reason FROM btwin.best_limit(s)) AS limit_reason, btwin.confidence(s, b) AS c, (SELECT count(*) FROM btwin.contributions(s, b)) AS steps, (SELECT count(confidence) FROM btwin.buckets(s)) AS judged
FROM (VALUES ('1 empty', (SELECT btwin.pattern_agg(NULL::text, 1.0)), '1'),
             ('2 weightless', (SELECT btwin.pattern_agg(v.b, v.y, 0.0::float8) FROM (VALUES ('1', 1), ('2', 2), ('2', 3), ('1', 5)) v(b, y)), '1'),
             ('3 two rows', (SELECT btwin.pattern_agg(v.b, v.y) FROM (VALUES ('1', 1), ('2', 2)) v(b, y)), '1'),
             ('4 light rows', (SELECT btwin.pattern_agg(v.b, v.y, 0.5::float8) FROM (VALUES ('1', 1), ('2', 2), ('2', 3), ('1', 5)) v(b, y)), '1'),
             ('5 one bucket', (SELECT btwin.pattern_agg('1'::text, g) FROM pg_catalog.generate_series(1, 9) g), '1'),
             ('6 all equal', (SELECT btwin.pattern_agg((g % 2)::text, 0.1) FROM pg_catalog.generate_series(1, 9) g), '1')) v(name, s, b), LATERAL btwin.best_bucket(s) ORDER BY name;
SELECT btwin.confidence(NULL::btwin.pattern, 'a') AS of_null, btwin.confidence(s, 3, 3) AS window_of_empty, (SELECT reason FROM btwin.best_window(s, 3)) AS reason, (SELECT count(*) FROM btwin.contributions(s, 3, 3)) AS steps
FROM (SELECT btwin.pattern_agg(NULL::int, 1.0) AS s) x;
-- a perfect separation is no division by zero
SELECT bucket, confidence > 0.99 AS sure, effect, p_value >= 0 AS p FROM btwin.buckets((SELECT btwin.pattern_agg((g % 2)::text, g % 2) FROM pg_catalog.generate_series(1, 40) g)) ORDER BY 1;
-- scores of extreme size
SELECT bucket, confidence > 0.9 AS sure FROM btwin.best_bucket((SELECT btwin.pattern_agg((g % 2)::text, 1e140 * (g % 2 + sin(g) / 4)) FROM pg_catalog.generate_series(1, 40) g));
SELECT bucket, confidence > 0.9 AS sure FROM btwin.best_bucket((SELECT btwin.pattern_agg((g % 2)::text, 1e-140 * (g % 2 + sin(g) / 4)) FROM pg_catalog.generate_series(1, 40) g));

\echo == merging states and buckets
SELECT btwin.rollup(s)::text = (SELECT btwin.pattern_agg(bucket, score, day)::text FROM public.session) AS merged
FROM (SELECT btwin.pattern_agg(bucket, score, day) AS s FROM public.session GROUP BY day UNION ALL SELECT NULL UNION ALL SELECT s FROM public.state WHERE name = 'empty') x;
SELECT btwin.rollup(s) IS NULL AS none FROM public.state WHERE false;
SELECT btwin.rollup(NULL::btwin.pattern);
SELECT btwin.merge_buckets(s, '{9,10,11}', '{morning,morning,noon}') FROM public.state WHERE name = 'dated';
SELECT btwin.merge_buckets(btwin.pattern_agg(hour, score, day), pg_catalog.array_agg(DISTINCT hour::text), pg_catalog.array_agg(DISTINCT hour::text))::text = btwin.pattern_agg(hour, score, day)::text AS unchanged FROM public.learner;

\echo == grouping, FILTER, DISTINCT, windows
SELECT kind, btwin.pattern_agg(hour, score) FILTER (WHERE hour = 9 AND day < '2024-01-20')::jsonb #> '{buckets,0,undated,0,rows}' AS rows, btwin.pattern_agg(hour, score) FILTER (WHERE hour > 99) AS none
FROM public.learner GROUP BY kind ORDER BY kind;
SELECT btwin.pattern_agg(DISTINCT b, y)::jsonb #> '{buckets,0,undated,0,rows}' AS rows FROM (VALUES ('a', 1.0), ('a', 1.0), ('a', 2.0)) v(b, y);
SELECT day, btwin.pattern_agg(bucket, score) OVER (ORDER BY day ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)::jsonb #> '{buckets,0,undated,0,sum}' AS sum
FROM public.session WHERE bucket = '9' AND day IS NOT NULL AND score IS NOT NULL ORDER BY day, score;

\echo == parallel and partitionwise plans give the serial state
CREATE TABLE public.big (u int, b int, y float8, day date) PARTITION BY HASH (u);
CREATE TABLE public.big0 PARTITION OF public.big FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE public.big1 PARTITION OF public.big FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO public.big SELECT g % 50, g % 24, (g * 7919 % 64) / 64.0, date '2024-01-01' + g % 90 FROM pg_catalog.generate_series(1, 20000) g;
ANALYZE public.big;
-- squared deviations depend on the order of rows in their last digits
CREATE FUNCTION public.rounded(s btwin.pattern) RETURNS text LANGUAGE sql AS $$
    SELECT pg_catalog.string_agg(b ->> 'bucket' || ' ' || coalesce(d ->> 'day', '-') || ' ' || (d ->> 'rows') || ' ' || (d ->> 'weight') || ' ' || round((d ->> 'sum')::numeric, 9) || ' ' || round((d ->> 'squared_deviations')::numeric, 9), ',' ORDER BY b ->> 'bucket' COLLATE pg_catalog."C", d ->> 'day' COLLATE pg_catalog."C")
    FROM pg_catalog.jsonb_array_elements(s::jsonb -> 'buckets') b, pg_catalog.jsonb_array_elements((b -> 'undated') || (b -> 'days')) d $$;
CREATE FUNCTION public.plan_has(statement text, what text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE line text;
BEGIN
    FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || statement LOOP
        IF pg_catalog.strpos(line, what) > 0 THEN RETURN true; END IF;
    END LOOP;
    RETURN false;
END $$;
CREATE TABLE public.serial AS SELECT btwin.pattern_agg(b, y, day) AS s FROM public.big;
CREATE TABLE public.serial_by AS SELECT u, btwin.pattern_agg(b, y, day) AS s FROM public.big GROUP BY u;
SET min_parallel_table_scan_size = 0;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET max_parallel_workers_per_gather = 2;
SELECT public.plan_has('SELECT btwin.pattern_agg(b, y, day) FROM public.big', 'Partial Aggregate') AS partial;
SELECT public.rounded(btwin.pattern_agg(b, y, day)) = (SELECT public.rounded(s) FROM public.serial) AS parallel FROM public.big;
SELECT public.plan_has('SELECT btwin.confidence(btwin.pattern_agg(b, y, day), 3) FROM public.big', 'Partial Aggregate') AS accessor_stays_parallel;
SET parallel_leader_participation = off;
SELECT public.rounded(btwin.pattern_agg(b, y, day)) = (SELECT public.rounded(s) FROM public.serial) AS without_leader FROM public.big;
SELECT btwin.pattern_agg(b, y, day) FILTER (WHERE u > 99) IS NULL AS empty_workers, public.rounded(btwin.pattern_agg(b, y) FILTER (WHERE u = 7)) = (SELECT public.rounded(btwin.pattern_agg(b, y)) FROM public.big WHERE u = 7) AS some_workers FROM public.big;
RESET parallel_leader_participation;
SELECT public.rounded(btwin.rollup(s)) = (SELECT public.rounded(s) FROM public.serial) AS rolled_up FROM public.serial_by;
SET enable_partitionwise_aggregate = on;
SELECT public.plan_has('SELECT btwin.pattern_agg(b, y, day) FROM public.big', 'Partial Aggregate') AS partial;
SELECT public.rounded(btwin.pattern_agg(b, y, day)) = (SELECT public.rounded(s) FROM public.serial) AS partitionwise FROM public.big;
SELECT bool_and(public.rounded(a.s) = public.rounded(b.s)) AS partitionwise_groups FROM (SELECT u, btwin.pattern_agg(b, y, day) AS s FROM public.big GROUP BY u) a JOIN public.serial_by b USING (u);
RESET enable_partitionwise_aggregate;
RESET min_parallel_table_scan_size;
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
RESET max_parallel_workers_per_gather;

\echo == errors
SELECT public.fault(s) FROM (VALUES
    ($$SELECT btwin.pattern_agg('a', 'NaN'::float8)$$),
    ($$SELECT btwin.pattern_agg(1, '-Infinity'::float8)$$),
    ($$SELECT btwin.pattern_agg('', 1)$$),
    ($$SELECT btwin.pattern_agg(repeat('x', 256), 1)$$),
    ($$SELECT btwin.pattern_agg('a', 1, -1::float8)$$),
    ($$SELECT btwin.pattern_agg('a', 1, 'NaN'::float8)$$),
    ($$SELECT btwin.pattern_agg('a', 1, date 'infinity')$$),
    ($$SELECT btwin.pattern_agg('a', 1, date '-infinity')$$),
    ($$SELECT btwin.pattern_agg('a', 1, date '10000-01-01')$$),
    ($$SELECT btwin.pattern_agg('a', 1, date '0001-12-31 BC')$$),
    ($$SELECT btwin.pattern_agg('a', v) FROM (VALUES (1e308), (1e308)) x(v)$$),
    ($$SELECT btwin.pattern_agg(g, 1) FROM generate_series(1, 1001) g$$),
    ($$SELECT btwin.pattern_agg('b' || g, 1) FROM generate_series(1, 1001) g$$),
    ($$SELECT btwin.pattern_agg(1, 1, date '1900-01-01' + g) FROM generate_series(1, 20001) g$$),
    ($$SELECT btwin.buckets(btwin.pattern_agg(b, 1e308)) FROM (VALUES ('a'), ('b')) v(b)$$),
    ($$SELECT btwin.best_bucket(btwin.pattern_agg(b, y, 1e101::float8)) FROM (VALUES ('a', 1), ('b', 1), ('b', 2)) v(b, y)$$),
    ($$SELECT btwin.confidence(btwin.pattern_agg('a', 1), 'b')$$),
    ($$SELECT btwin.confidence(btwin.pattern_agg('a', 1), 7)$$),
    ($$SELECT btwin.contributions(btwin.pattern_agg('a', 1), 'b')$$),
    ($$SELECT btwin.best_bucket(btwin.pattern_agg('a', 1), 1.5)$$),
    ($$SELECT btwin.best_bucket(btwin.pattern_agg('a', 1), 'NaN')$$),
    ($$SELECT btwin.best_window(btwin.pattern_agg('a', 1), 3)$$),
    ($$SELECT btwin.best_window(btwin.pattern_agg('07', 1), 3)$$),
    ($$SELECT btwin.best_window(btwin.pattern_agg(24, 1), 3)$$),
    ($$SELECT btwin.best_window(btwin.pattern_agg(-1, 1), 3)$$),
    ($$SELECT btwin.best_window(btwin.pattern_agg(1, 1), 0)$$),
    ($$SELECT btwin.best_window(btwin.pattern_agg(1, 1), 24)$$),
    ($$SELECT btwin.best_window(btwin.pattern_agg(1, 1), 1, 1)$$),
    ($$SELECT btwin.best_window(btwin.pattern_agg(1, 1), 1, 1001)$$),
    ($$SELECT btwin.best_window(btwin.pattern_agg(1, 1), 3, min_confidence => -0.1)$$),
    ($$SELECT btwin.confidence(btwin.pattern_agg(1, 1), 24, 3)$$),
    ($$SELECT btwin.contributions(btwin.pattern_agg(1, 1), -1, 3)$$),
    ($$SELECT btwin.best_limit(btwin.pattern_agg('long', 1))$$),
    ($$SELECT btwin.best_limit(btwin.pattern_agg('inf', 1))$$),
    ($$SELECT btwin.best_limit(btwin.pattern_agg(b, 1)) FROM (VALUES ('30'), ('30.0')) v(b)$$),
    ($$SELECT btwin.best_limit(btwin.pattern_agg('1', 1), 2)$$),
    ($$SELECT btwin.merge_buckets(btwin.pattern_agg('a', 1), '{a,b}', '{c}')$$),
    ($$SELECT btwin.merge_buckets(btwin.pattern_agg('a', 1), '{a,a}', '{c,d}')$$),
    ($$SELECT btwin.merge_buckets(btwin.pattern_agg('a', 1), '{a}', '{""}')$$),
    ($$SELECT btwin.merge_buckets(btwin.pattern_agg('a', 1), '{a}', '{NULL}')$$),
    ($$SELECT ''::btwin.pattern$$),
    ($$SELECT '{"family": "bandit", "version": 1, "buckets": []}'::btwin.pattern$$),
    ($$SELECT '{"family": "pattern", "version": 2, "buckets": []}'::btwin.pattern$$),
    ($$SELECT '{"family": "pattern", "version": 1, "arms": []}'::btwin.pattern$$),
    ($$SELECT '{"family": "pattern", "version": 1, "buckets": []} x'::btwin.pattern$$),
    ($$SELECT '{"family": "pattern", "version": 1, "buckets": [{"bucket": "a", "undated": [], "days": []}]}'::btwin.pattern$$),
    ($$SELECT '{"family": "pattern", "version": 1, "buckets": [{"bucket": "", "undated": [], "days": []}]}'::btwin.pattern$$),
    ($$SELECT '{"family": "pattern", "version": 1, "buckets": [{"bucket": "a", "undated": [{"rows": 0, "weight": 0, "sum": 0, "squared_deviations": 0}], "days": []}]}'::btwin.pattern$$),
    ($$SELECT '{"family": "pattern", "version": 1, "buckets": [{"bucket": "a", "undated": [{"rows": 1, "weight": 1, "sum": 1, "squared_deviations": 1}], "days": []}]}'::btwin.pattern$$),
    ($$SELECT '{"family": "pattern", "version": 1, "buckets": [{"bucket": "a", "undated": [{"rows": 2, "weight": 0, "sum": 1, "squared_deviations": 0}], "days": []}]}'::btwin.pattern$$),
    ($$SELECT '{"family": "pattern", "version": 1, "buckets": [{"bucket": "a", "undated": [{"rows": 2, "weight": 1, "sum": 1, "squared_deviations": -1}], "days": []}]}'::btwin.pattern$$),
    ($$SELECT '{"family": "pattern", "version": 1, "buckets": [{"bucket": "a", "undated": [{"rows": 1, "weight": 1, "sum": 1, "squared_deviations": 0}, {"rows": 1, "weight": 1, "sum": 1, "squared_deviations": 0}], "days": []}]}'::btwin.pattern$$),
    ($$SELECT '{"family": "pattern", "version": 1, "buckets": [{"bucket": "a", "undated": [], "days": [{"day": "2024-02-30", "rows": 1, "weight": 1, "sum": 1, "squared_deviations": 0}]}]}'::btwin.pattern$$),
    ($$SELECT '{"family": "pattern", "version": 1, "buckets": [{"bucket": "a", "undated": [], "days": [{"day": "2024-2-3", "rows": 1, "weight": 1, "sum": 1, "squared_deviations": 0}]}]}'::btwin.pattern$$),
    ($$SELECT '{"family": "pattern", "version": 1, "buckets": [{"bucket": "a", "undated": [], "days": [{"day": "2024-01-02", "rows": 1, "weight": 1, "sum": 1, "squared_deviations": 0}, {"day": "2024-01-01", "rows": 1, "weight": 1, "sum": 1, "squared_deviations": 0}]}]}'::btwin.pattern$$),
    ($$SELECT '{"family": "pattern", "version": 1, "buckets": [{"bucket": "b", "undated": [{"rows": 1, "weight": 1, "sum": 1, "squared_deviations": 0}], "days": []}, {"bucket": "a", "undated": [{"rows": 1, "weight": 1, "sum": 1, "squared_deviations": 0}], "days": []}]}'::btwin.pattern$$),
    ($$SELECT '{"family": "pattern", "version": 1, "buckets": [{"bucket": "a", "undated": [{"rows": 1, "weight": 1, "sum": 1, "squared_deviations": 0}], "days": []}, {"bucket": "a", "undated": [{"rows": 1, "weight": 1, "sum": 1, "squared_deviations": 0}], "days": []}]}'::btwin.pattern$$),
    ($$SELECT '{"family": "pattern", "version": 1, "buckets": [{"bucket": "a", "undated": [{"rows": 1, "weight": 1e999, "sum": 1, "squared_deviations": 0}], "days": []}]}'::btwin.pattern$$)
) x(s);

DROP FUNCTION public.fault, public.plan_has, public.rounded;
DROP TABLE public.session, public.state, public.again, public.bytes, public.states, public.even, public.four, public.learner, public.clustered, public.big, public.serial, public.serial_by;
