-- the reference's habit rules (Epic 5 domain model, 1.7 and 2.1 to 2.8)
SET search_path = '';
SET extra_float_digits = 0;
SET timezone = 'UTC';
SET datestyle = 'ISO, MDY';

CREATE FUNCTION public.fault(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    state text; message text; detail text;
BEGIN
    EXECUTE statement;
    RETURN 'no error';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL;
    RETURN pg_catalog.format('%s: %s | %s', state, message, detail);
END $$;

\echo == rounding half up, toward plus infinity
SELECT btwin.epic5_round(2.5) AS up, btwin.epic5_round(-2.5) AS toward_plus, btwin.epic5_round(0.49999999999999994) AS below, btwin.epic5_round(1.005, 2) AS binary_1_005, btwin.epic5_round(-0.375, 2) AS decimals, btwin.epic5_round(NULL) AS of_null;

\echo == 1.7 primitives
-- min(1, s/10): 0.5, 1, 1 (10 exactly), 1 (25): mean 3.5/4
SELECT btwin.epic5_retention_score('{5,10,10,25}') AS retention, btwin.epic5_retention_score('{}') AS none, btwin.epic5_retention_score('{9.9}') AS below_ten;
-- 0.4 * 0.5 + 0.3 * 10/20 + 0.2 * 1/4 + 0.1 * 0.5 = 0.2 + 0.15 + 0.05 + 0.05 = 0.45 (BASIC, 10 min)
-- INTERMEDIATE 0.3 * 10/40 = 0.075: 0.375; ADVANCED 0.3 * 10/60 = 0.05: 0.35
SELECT c, btwin.epic5_weakness_score(0.5, 600000, c, 1, 4) AS weakness FROM pg_catalog.unnest('{BASIC,INTERMEDIATE,ADVANCED}'::text[]) c;
-- rating 4: 0.1 * (1 - 4/5) = 0.02 instead of 0.05; no reviews: failure 0; time capped at T: 0.2 + 0.3 + 0.05 + 0.05
SELECT btwin.epic5_weakness_score(0.5, 600000, 'BASIC', 1, 4, 4) AS rated, btwin.epic5_weakness_score(0.5, 600000, 'BASIC', 0, 0) AS no_reviews,
       btwin.epic5_weakness_score(0.5, 9e9, 'BASIC', 1, 4) AS long, btwin.epic5_weakness_score(0, 9e9, 'BASIC', 4, 4, 0) AS most, btwin.epic5_weakness_score(NULL, 0, 'BASIC', 0, 0) AS unknown;
-- nothing weak at all; one review, failed: 0.2 + 0.15 + 0.2 + 0.05 = 0.6
SELECT btwin.epic5_weakness_score(1, 0, 'BASIC', 0, 4, 5) AS least, btwin.epic5_weakness_score(0.5, 600000, 'BASIC', 1, 1) AS one_review;
-- -0.1 from 4 on, +0.1 up to 2, clamped
SELECT a, round(btwin.epic5_weakness_after_session(0.5, a)::numeric, 12) AS weakness FROM pg_catalog.unnest('{1,2,2.01,3,3.99,4,5}'::float8[]) a;
SELECT btwin.epic5_weakness_after_session(0.05, 4) AS low, btwin.epic5_weakness_after_session(0.95, 2) AS high;
SELECT r, n, btwin.epic5_mastery_level(r, n) FROM (VALUES (1, 0), (0.9, 10), (0.9, 9), (0.8999, 10), (0.7, 5), (0.7, 4), (0.6999, 5), (0.5, 3), (0.5, 2), (0.4999, 3)) v(r, n);
-- all full: 0.3 + 0.25 + 0.2 + 0.15 + 0.1 * 0.2 = 0.92, the largest possible
-- 3/4: 0.225; good shares 0.8, none (0): 0.25 * 0.4 = 0.1; 45 for 60 min: 0.2 * (1 - 15/60) = 0.15; helpfulness 4: 0.15 * 0.8 = 0.12; streak 5: 0.1 * 0.1 = 0.01: 0.605
-- defaults: no sessions 0, no times 0.2, no ratings 0.075: 0.3 + 0.275 = 0.575; 150 for 60 min: 0 instead of 0.2
SELECT btwin.epic5_success_score(true, 4, 4, '{1}', 60, 60, '{5}', 10) AS most, btwin.epic5_success_score(true, 3, 4, '{0.8,NULL}', 45, 60, '{3,5}', 5) AS mixed,
       btwin.epic5_success_score(true, 4, 4, '{}', NULL, 60, '{}', 0) AS defaults, btwin.epic5_success_score(true, 4, 4, '{}', 150, 60, '{}', 0) AS late,
       btwin.epic5_success_score(true, 4, 4, '{}', 60, 60, '{}', 11) - btwin.epic5_success_score(true, 4, 4, '{}', 60, 60, '{}', 10) AS streak_capped,
       btwin.epic5_success_score(false, 4, 4, '{1}', 60, 60, '{5}', 10) AS not_completed, btwin.epic5_success_score(NULL, 4, 4, '{1}', 60, 60, '{5}', 10) AS unknown;
-- 0 of 4, 150 for 60 min, helpfulness 0: nothing; 1 of 1 is whole: 0.575; none of none: 0.275; an estimate of 0 is none: 0.575;
-- 1 for 0.8 min: 0.3 + 0.2 * 0.75 + 0.075 = 0.525; an unknown streak is none
SELECT btwin.epic5_success_score(true, 0, 4, '{}', 150, 60, '{0}', 0) AS least, btwin.epic5_success_score(true, 1, 1, '{}', 60, 60, '{}', 0) AS one_of_one,
       btwin.epic5_success_score(true, 0, 0, '{}', 60, 60, '{}', 0) AS none_of_none, btwin.epic5_success_score(true, 4, 4, '{}', 60, 0, '{}', 0) AS no_estimate,
       btwin.epic5_success_score(true, 4, 4, '{}', 1, 0.8, '{}', 0) AS short, btwin.epic5_success_score(true, 4, 4, '{}', 60, 60, '{}', NULL) AS no_streak;
SELECT s, btwin.epic5_success_band(s) AS band FROM pg_catalog.unnest('{1,0.9,0.8999,0.75,0.7499,0.6,0.5999,0.4,0.3999}'::float8[]) s;

\echo == 2.1 sufficiency: 6 whole weeks, 20 sessions, 50 reviews
SELECT name, s.* FROM (VALUES
    ('just', timestamptz '2024-01-01', 20, 50, timestamptz '2024-02-12'),
    ('a second early', '2024-01-01', 20, 50, '2024-02-11 23:59:59'),
    ('one session short', '2024-01-01', 19, 50, '2024-02-12'),
    ('one review short', '2024-01-01', 20, 49, '2024-02-12'),
    ('nothing', NULL, 0, 0, '2024-02-12')) v(name, first, sessions, reviews, now), LATERAL btwin.epic5_sufficiency(first, sessions, reviews, now) s;
SELECT sessions_needed, reviews_needed FROM btwin.epic5_sufficiency(NULL, NULL, NULL, '2024-02-12');
SELECT n, btwin.epic5_incremental_due(n) AS due FROM pg_catalog.unnest('{9,10}'::int[]) n;
SELECT n, btwin.epic5_count_confidence(n) AS confidence FROM pg_catalog.unnest('{0,1,30,49,50,51}'::int[]) n;
SELECT s, btwin.epic5_content_confidence(s) AS confidence FROM pg_catalog.unnest('{0.3,0.305,0.31,0.4,0.66,0.67}'::float8[]) s;
SELECT c, btwin.epic5_pattern_saved(c) AS saved, btwin.epic5_pattern_gives_insight(c) AS insight FROM pg_catalog.unnest('{0.59,0.6,0.69,0.7}'::float8[]) c;
-- seen: +0.05 to at most 0.95; not seen: -0.1; gone at the third miss or below 0.4
SELECT c, m, seen, round(new_confidence::numeric, 12) AS new_confidence, new_misses, deleted
FROM (VALUES (0.6, 0, true), (0.92, 2, true), (0.95, 0, true), (1.0, 0, true), (0.6, 0, false), (0.5, 0, false), (0.49, 0, false), (0.9, 1, false), (0.9, 2, false), (0.05, 0, false)) v(c, m, seen),
     LATERAL btwin.epic5_confidence_evolution(c, m, seen);
SELECT btwin.epic5_data_quality(0.9, 0.6, 0.3) AS quality, btwin.epic5_data_quality(0.9, 0.6, NULL) AS without_hour, btwin.epic5_data_quality(0.9, NULL, 0.3) AS without_curve, btwin.epic5_data_quality(NULL, 0.6, 0.3) AS without_duration, btwin.epic5_data_quality(1, 1, 1) AS most;

\echo == 2.2 parts of a session: mean of 4, 3 (missing), 3 (zero) = 10/3 / 5 * 100
SELECT btwin.epic5_session_performance('{4,NULL,0}') AS performance, btwin.epic5_session_performance('{}') AS no_objectives, btwin.epic5_session_performance(NULL) AS none;
SELECT btwin.epic5_session_completion('{t,f,NULL,t}') AS completion, btwin.epic5_session_completion('{}') AS none;
-- 15 reviews in half an hour: 100 * 15 / (30 * 0.5) = 100; 10: 66.67; more: capped
SELECT n, ms, btwin.epic5_session_engagement(n, ms) AS engagement FROM (VALUES (15, 1800000), (10, 1800000), (99, 1800000), (10, 0), (10, NULL), (NULL, 1800000), (1, 0.5)) v(n, ms);
-- 0.4 * 80 + 30 * 0.5 + 20 * 0.25 + 0.1 * 60 = 32 + 15 + 5 + 6
SELECT btwin.epic5_time_of_day_score(80, 0.5, 0.25, 60) AS score, btwin.epic5_time_of_day_score(100, 1, 1, 100) AS most, btwin.epic5_time_of_day_score(0, 0, 0, 0) AS least;

\echo == 2.2 hours: 9 with 5 sessions, 14 with 4, 20 with 3
CREATE TABLE public.hour_rows (at timestamptz, p float8, r float8, c float8, e float8);
INSERT INTO public.hour_rows SELECT timestamptz '2024-03-01 09:59:59+00' + d * interval '1 day', 60 + 10 * d, 0.5, 1, 50 FROM pg_catalog.generate_series(0, 4) d;
INSERT INTO public.hour_rows SELECT timestamptz '2024-03-01 14:00:00+00' + d * interval '1 day', 100, 1, 1, 100 FROM pg_catalog.generate_series(0, 3) d;
INSERT INTO public.hour_rows SELECT timestamptz '2024-03-01 20:00:00+00' + d * interval '1 day', 100, 1, 1, 100 FROM pg_catalog.generate_series(0, 2) d;
-- 9 alone has five: mean performance 80: 32 + 15 + 20 + 5 = 72, confidence 5/50
SELECT s.* FROM (SELECT array_agg(at) a, array_agg(p) p, array_agg(r) r, array_agg(c) c, array_agg(e) e FROM public.hour_rows) x, LATERAL btwin.epic5_optimal_study_time(a, p, r, c, e) s;
-- four of each at most: three suffice; 14 and 20 tie at 100, 14 was seen first; 9 has 75 * 0.4 + 40 = 70
SELECT s.hour_of_day, s.session_count, s.time_of_day_score, s.confidence FROM (SELECT array_agg(at) a, array_agg(p) p, array_agg(r) r, array_agg(c) c, array_agg(e) e FROM public.hour_rows WHERE at < '2024-03-05') x, LATERAL btwin.epic5_optimal_study_time(a, p, r, c, e) s;
-- one each: any
SELECT s.hour_of_day, s.session_count FROM (SELECT array_agg(at) a, array_agg(p) p, array_agg(r) r, array_agg(c) c, array_agg(e) e FROM public.hour_rows WHERE at < '2024-03-02') x, LATERAL btwin.epic5_optimal_study_time(a, p, r, c, e) s;
-- at most three hours
SELECT s.hour_of_day FROM (SELECT array_agg(timestamptz '2024-03-01+00' + h * interval '1 hour') a, array_agg(50.0 + h) p, array_agg(h / 24.0) r FROM pg_catalog.generate_series(0, 5) h) x, LATERAL btwin.epic5_optimal_study_time(a, p, r, r, r) s;
-- the learner's hour: 9:59 UTC is 15:29 in Kolkata, 4 in New York
SELECT z, s.hour_of_day FROM pg_catalog.unnest('{Asia/Kolkata,America/New_York}'::text[]) z, (SELECT array_agg(at) a, array_agg(p) p, array_agg(r) r, array_agg(c) c, array_agg(e) e FROM public.hour_rows) x, LATERAL btwin.epic5_optimal_study_time(a, p, r, c, e, z) s;
-- window: 6 weeks up to 2024-04-15 09:59:59 begin 2024-03-04 09:59:59, with the session of that second; min_weeks below 1 counts 1, above 104 counts 104, 5.9 counts 5
SELECT n, w, s.hour_of_day, s.session_count FROM (VALUES (timestamptz '2024-04-15 09:59:59+00', 6), ('2024-04-15 10:00:00+00', 6), ('2024-04-15 10:00:00+00', 5.9), ('2024-03-09 00:00+00', 0), ('2024-03-01 09:59:58+00', 1000), ('2026-02-28 10:00+00', 1000)) v(n, w), (SELECT array_agg(at) a, array_agg(p) p, array_agg(r) r, array_agg(c) c, array_agg(e) e FROM public.hour_rows) x,
     LATERAL btwin.epic5_optimal_study_time(a, p, r, c, e, as_of => n, min_weeks => w) s ORDER BY n, w, 3;
SELECT count(*) AS empty FROM btwin.epic5_optimal_study_time('{}', '{}', '{}', '{}', '{}');
-- by default 6 weeks, with the session of that second
SELECT s.hour_of_day FROM btwin.epic5_optimal_study_time('{2024-03-04 09:00+00,2024-03-04 08:59:59+00}', '{1,1}', '{1,1}', '{1,1}', '{1,1}', as_of => '2024-04-15 09:00+00') s;

\echo == 2.3 peaks: Friday 9 and 10 with 3 sessions at 80 and more; 11 has a mean of 79
CREATE TABLE public.peak AS
SELECT timestamptz '2024-03-01 00:00+00' + h * interval '1 hour' + w * interval '7 days' AS at, y::float8 AS y
FROM (VALUES (9, 0, 70), (9, 1, 80), (9, 2, 90), (10, 0, 100), (10, 1, 100), (10, 2, 100), (11, 0, 77), (11, 1, 80), (11, 2, 80), (23, 0, 100), (22, 0, 100)) v(h, w, y);
-- six scores 70 80 90 100 100 100: mean 90, population variance (400 + 100 + 0 + 300) / 6 = 133.33: 1 - 0.11547
SELECT day_of_week, start_hour, end_hour, avg_score, session_count, round(consistency::numeric, 9) AS consistency FROM (SELECT array_agg(at) a, array_agg(y) y FROM public.peak) x, LATERAL btwin.epic5_performance_peaks(a, y);
-- without 9: no run of two; again with one session each: 22 to 23
SELECT p.* FROM (SELECT array_agg(at) a, array_agg(y) y FROM public.peak WHERE extract(hour FROM at) <> 9) x, LATERAL btwin.epic5_performance_peaks(a, y) p;
-- two sessions a cell are not three, 79.99 is not 80
SELECT count(*) AS none FROM btwin.epic5_performance_peaks('{2024-03-01 09:00+00,2024-03-01 10:00+00}', '{79.99,100}');
-- Sunday is 0; 23 on Saturday and 0 on Sunday are no run
SELECT day_of_week FROM btwin.epic5_performance_peaks('{2024-03-03 09:00+00,2024-03-03 10:00+00,2024-03-02 23:00+00,2024-03-03 00:00+00}', '{90,90,90,90}');
-- better one first
SELECT day_of_week, avg_score FROM btwin.epic5_performance_peaks('{2024-03-04 09:00+00,2024-03-04 10:00+00,2024-03-05 09:00+00,2024-03-05 10:00+00}', '{90,90,95,95}');

\echo == 2.4 attention: buckets of ten minutes
-- accuracies 1, 0.8 (5 reviews), 0.5: 0.8 is not below 0.8 * 1, 0.5 is: fatigue at 20
SELECT s.* FROM btwin.epic5_session_attention('{1,2, 10,11,12,13,19.9, 20,21}', '{t,t, t,t,t,t,f, t,f}', 75) s;
-- no fatigue: the session's length; flow: buckets 0, 1 (empty ones skipped), 4: 30 minutes
SELECT s.* FROM btwin.epic5_session_attention('{1,15,45}', '{t,t,t}', 75) s;
-- nothing in bucket 0: no fatigue to be found; one bucket of flow is below 20
SELECT s.* FROM btwin.epic5_session_attention('{15,25}', '{t,f}', 75) s;
-- 17 of 20 good is 0.85: flow; bucket 1 with 16 of 20 breaks it
SELECT s.* FROM btwin.epic5_session_attention((SELECT array_agg(g / 2.0) FROM pg_catalog.generate_series(0, 79) g), (SELECT array_agg(g % 20 >= CASE WHEN g / 20 = 2 THEN 4 ELSE 3 END) FROM pg_catalog.generate_series(0, 79) g), 75) s;
SELECT s.* FROM btwin.epic5_session_attention('{}', '{}', 75) s;
-- 11 of 13 is 0.846: no flow, and no fatigue
SELECT s.* FROM btwin.epic5_session_attention((SELECT array_agg(g / 1.3) FROM pg_catalog.generate_series(0, 25) g), (SELECT array_agg(g % 13 > 1) FROM pg_catalog.generate_series(0, 25) g), 75) s;
-- 60 counts, 59.9 does not: mean (60 + 80) / 2, fatigue (40 + 60) / 2, break 0.9 * 50, flow only 30, in one of two
SELECT s.* FROM btwin.epic5_attention_cycle('{60,59.9,80}', '{40,10,60}', '{30,20,0}') s;
SELECT s.* FROM btwin.epic5_attention_cycle('{30}', '{30}', '{30}') s;
-- a flow of 20 counts, one of 19 does not; without any flow 0
SELECT avg_flow_duration, flow_frequency FROM btwin.epic5_attention_cycle('{60,60}', '{30,30}', '{20,19}');
SELECT avg_flow_duration, flow_frequency FROM btwin.epic5_attention_cycle('{60}', '{30}', '{0}');

\echo == 2.5 fatigue of a session: halves at 30 of 60 minutes
-- 3 of 3 good before, 1 of 3 from 30 on: 2/3; two in a half are too few; a gain is 0
SELECT btwin.epic5_session_fatigue('{1,2,29.99,30,40,50}', '{t,t,t,t,f,f}', 60) AS fatigue, btwin.epic5_session_fatigue('{1,2,30,31,40,50}', '{t,t,t,t,f,f}', 60) AS few, btwin.epic5_session_fatigue('{1,2,3,30,40,50}', '{f,f,t,t,t,t}', 60) AS gain;
\echo == 2.5 buckets and recommendation
CREATE TABLE public.lengths (minutes float8, good float8, done bigint, total bigint, fatigue float8);
-- 35 min: 3 sessions, good 0.8 (one without reviews), done 3 of 4: 0.5 * 80 + 30 * 0.75 + 20 * (1 - 0.1) = 40 + 22.5 + 18 = 80.5
INSERT INTO public.lengths VALUES (35, 0.9, 1, 1, 0.1), (35, 0.7, 1, 1, 0.1), (35, NULL, 1, 2, NULL);
-- 75 min: 3 sessions, all good, nothing to complete: 50 + 0 + 20 = 70
INSERT INTO public.lengths VALUES (60, 1, 0, 0, NULL), (75, 1, 0, 0, NULL), (89.99, 1, 0, 0, NULL);
-- 29.99 min: 2 sessions, too few; a session of 0 is not valid
INSERT INTO public.lengths VALUES (29.99, 1, 1, 1, 0), (29.99, 1, 1, 1, 0), (0, 1, 1, 1, 0);
SELECT b.* FROM (SELECT array_agg(minutes * 60000) d, array_agg(good) g, array_agg(done) c, array_agg(total) n, array_agg(fatigue) f FROM public.lengths) x, LATERAL btwin.epic5_duration_buckets(d, g, c, n, f) b;
-- 35; confidence 8/50; mean (105 + 224.99 + 59.98) / 8 = 48.75 -> 49; (35 * 3 + 75 * 3) / 8 = 41.25 -> 41
SELECT b.* FROM (SELECT array_agg(minutes * 60000) d, array_agg(good) g, array_agg(done) c, array_agg(total) n, array_agg(fatigue) f FROM public.lengths) x, LATERAL btwin.epic5_session_duration(d, g, c, n, f) b;
-- every bucket's middle: 15 -> 30, 35, 45, 55, 75, last 90 (average 105)
SELECT m, b.min_minutes, b.recommended_minutes, b.average_minutes FROM pg_catalog.unnest('{5,30,40,50,60,90,500}'::float8[]) m, LATERAL btwin.epic5_session_duration(ARRAY[m * 60000, m * 60000, m * 60000], '{1,1,1}', '{0,0,0}', '{0,0,0}', '{0,0,0}') b;
-- a tie goes to more sessions
SELECT b.min_minutes, b.session_count FROM btwin.epic5_session_duration('{1920000,1920000,1920000,2520000,2520000,2520000,2520000}', '{1,1,1,1,1,1,1}', '{0,0,0,0,0,0,0}', '{0,0,0,0,0,0,0}', '{0,0,0,0,0,0,0}') b;
-- nothing
SELECT b.* FROM btwin.epic5_session_duration('{}', '{}', '{}', '{}', '{}') b;
-- tiers: 19 generic, 20 tentative (0.4), 34, 35 personal (0.7)
SELECT n, b.confidence, b.reason_tier FROM pg_catalog.unnest('{19,20,34,35}'::int[]) n, LATERAL btwin.epic5_session_duration(pg_catalog.array_fill(2400000::float8, ARRAY[n]), pg_catalog.array_fill(1::float8, ARRAY[n]), pg_catalog.array_fill(1::bigint, ARRAY[n]), pg_catalog.array_fill(1::bigint, ARRAY[n]), pg_catalog.array_fill(0::float8, ARRAY[n])) b;
SELECT c, d, btwin.epic5_duration_for_complexity(d, 0.4, c) AS minutes, btwin.epic5_duration_for_complexity(d, 0.39, c) AS unsure
FROM pg_catalog.unnest('{BASIC,INTERMEDIATE,ADVANCED}'::text[]) c, pg_catalog.unnest('{35,45,90}'::float8[]) d ORDER BY d, c;
-- three sessions of which nothing else is known: all zeros, and 20 points for no fatigue
SELECT session_count, avg_performance, completion_rate, avg_fatigue, score
FROM btwin.epic5_duration_buckets('{2000000,2000000,2000000}', '{NULL,NULL,NULL}', '{0,0,0}', '{0,0,0}', '{NULL,NULL,NULL}');
-- sessions of a millisecond are sessions; nothing good, nothing done, all fatigue: 0
SELECT session_count, avg_performance, completion_rate, avg_fatigue, score
FROM btwin.epic5_duration_buckets('{1,1,1}', '{0,0,0}', '{0,0,0}', '{1,1,1}', '{1,1,1}');
SELECT valid_sessions FROM btwin.epic5_session_duration('{1,1,1}', '{0,0,0}', '{0,0,0}', '{1,1,1}', '{1,1,1}');
-- 1e9 / 60000 = 16666.67 minutes
SELECT current_minutes FROM btwin.epic5_session_duration('{1000000000}', '{1}', '{1}', '{1}', '{0}');

\echo == 2.5 fatigue point
-- 4 of 4 good, 3 of 4, 1 of 1: a drop of 0.25 in the second segment, which ends at 20;
-- 5 of 8, then 1 of 2: (0.625 - 0.5) / 0.625 is 0.2 exactly; 1 to 0.8 is 0.19999999999999996 in binary, and no drop
SELECT btwin.epic5_session_fatigue_point('{1,2,3,4, 5,10,11,12,13, 25}', '{t,t,t,t, t,t,t,t,f, t}', 60) AS at_twenty,
       btwin.epic5_session_fatigue_point('{1,1,1,1,1,1,1,1, 10,11, 25}', '{t,t,t,t,t,f,f,f, t,f, t}', 60) AS exactly,
       btwin.epic5_session_fatigue_point('{1,2,3,4, 10,11,12,13,14, 25}', '{t,t,t,t, t,t,t,t,f, t}', 60) AS just_below,
       btwin.epic5_session_fatigue_point('{1,2,3,4, 10,11,12,13, 25}', '{t,t,t,t, t,t,t,f, t}', 60) AS nine_reviews,
       btwin.epic5_session_fatigue_point('{1,2,3,4, 10,11,12,13,14, 15}', '{t,t,t,t, t,t,t,f,f, f}', 60) AS two_segments,
       btwin.epic5_session_fatigue_point('{1,2,3,4, 5,10,11,12,13, 25}', '{t,t,t,t, t,t,t,t,f, t}', 59.9) AS short,
       btwin.epic5_session_fatigue_point('{1,2,3,4, 10,11,12,13,14, 25}', '{f,f,f,f, t,t,t,t,f, t}', 60) AS from_nothing,
       btwin.epic5_session_fatigue_point('{1,2,3,4, 10,11,12,13, 25, 61}', '{t,t,t,t, t,t,t,t, t, f}', 65) AS segment_past_the_end;
-- mean of 20, 31 = 25.5 -> 26; max(30, 16) = 30; four long sessions: one more is needed
SELECT s.* FROM btwin.epic5_fatigue_point('{60,70,80,90,100}', '{20,31,NULL,NULL,NULL}') s;
SELECT s.* FROM btwin.epic5_fatigue_point('{60,70,80,90,59}', '{20,31,50,50,50}') s;
SELECT s.* FROM btwin.epic5_fatigue_point('{60,70,80,90,100}', '{50,50,50,NULL,NULL}') s;
SELECT s.* FROM btwin.epic5_fatigue_point('{60,70,80,90,100}', '{NULL,NULL,NULL,NULL,NULL}') s;

\echo == 2.6 content preference
-- lecture 0.6 * 1000 + 40 = 640; flashcard event 40 (no duration) and session 0.6 * 2000 + 40 = 1240; validation session 1240; sum 3160
SELECT round(lectures::numeric, 9) AS lectures, round(flashcards::numeric, 9) AS flashcards, round(validation::numeric, 9) AS validation, clinical_reasoning
FROM btwin.epic5_content_preference('{lecture,flashcard,video}', '{1000,NULL,99}', '{2000,5000}', '{3,0}', '{1,NULL}');
SELECT * FROM btwin.epic5_content_preference('{clinical_reasoning}', '{0}', '{}', '{}', '{}');
SELECT * FROM btwin.epic5_content_preference('{}', '{}', '{}', '{}', '{}');
-- a session of unknown length: 40 beside 0.6 * 1000 + 40: 40 / 680
SELECT lectures, round(flashcards::numeric, 9) AS flashcards, round(validation::numeric, 9) AS validation, clinical_reasoning
FROM btwin.epic5_content_preference('{}', '{}', '{NULL,1000}', '{1,0}', '{0,1}');
\echo == 2.7 exposure mix
-- visual 0.5 * 3 + 0.5 * mean(0.5, 0.5, 0.8) = 1.8; auditory 0.7; kinesthetic mean(0.5, 0, 0.4) = 0.3; reading 0.6 * 0.25 + 0.4 * 25/50 = 0.35; sum 3.15
SELECT round(visual::numeric, 9) AS visual, round(auditory::numeric, 9) AS auditory, round(kinesthetic::numeric, 9) AS kinesthetic, round(reading::numeric, 9) AS reading
FROM btwin.epic5_vark(3, '{NULL,0,0.8}', '{0.6,0.8}', '{NULL,0,0.4}', 9000000, 25);
-- capped: 1 and 1
SELECT * FROM btwin.epic5_vark(0, '{}', '{}', '{}', 36000001, 51);
-- twice what counts, beside a score as large as the cap
SELECT auditory, reading FROM btwin.epic5_vark(0, '{}', '{0.6}', '{}', 72000000, 0);
SELECT auditory, reading FROM btwin.epic5_vark(0, '{}', '{0.4}', '{}', 0, 100);
SELECT * FROM btwin.epic5_vark(0, NULL, NULL, NULL, NULL, NULL);
SELECT * FROM btwin.epic5_vark(NULL, NULL, '{0.5}', NULL, NULL, NULL);
\echo == 2.8 effectiveness
-- flashcard: event (retention missing = 0, not completed, engagement 80), session good share 0.9 completed: n 2, retention 0.45, completion 0.5, engagement 40: 22.5 + 15 + 8 = 45.5
-- validation: session score 0.7, not completed: 35; lecture: retention 0.5, completed, engagement 33.333: 25 + 30 + 6.6666 = 61.67
SELECT content_type, sample_size, avg_retention, avg_completion, avg_engagement, score
FROM btwin.epic5_content_effectiveness('{flashcard,lecture}', '{80,33.333}', '{f,t}', '{NULL,0.5}', '{0.9,NULL}', '{0.7}');
-- engagement unknown: 25 + 30
SELECT avg_engagement, score FROM btwin.epic5_content_effectiveness('{lecture}', '{NULL}', '{t}', '{0.5}', '{}', '{}') WHERE content_type = 'lecture';

\echo == errors
SELECT public.fault(s) FROM (VALUES
    ($$SELECT btwin.epic5_retention_score('{-1}')$$),
    ($$SELECT btwin.epic5_retention_score('{NaN}')$$),
    ($$SELECT btwin.epic5_retention_score('{{1},{2}}')$$),
    ($$SELECT btwin.epic5_weakness_score(1.1, 0, 'BASIC', 0, 0)$$),
    ($$SELECT btwin.epic5_weakness_score(1, 0, 'HARD', 0, 0)$$),
    ($$SELECT btwin.epic5_weakness_score(1, 0, 'BASIC', 2, 1)$$),
    ($$SELECT btwin.epic5_weakness_after_session(1, 6)$$),
    ($$SELECT btwin.epic5_mastery_level(-0.1, 1)$$),
    ($$SELECT btwin.epic5_success_score(true, 5, 4, '{}', 1, 1, '{}', 0)$$),
    ($$SELECT btwin.epic5_success_band('Infinity')$$),
    ($$SELECT btwin.epic5_sufficiency(now(), -1, 0, now())$$),
    ($$SELECT btwin.epic5_count_confidence(-1)$$),
    ($$SELECT btwin.epic5_content_confidence(1.01)$$),
    ($$SELECT btwin.epic5_confidence_evolution(1.2, 0, true)$$),
    ($$SELECT btwin.epic5_data_quality(2, 0, 0)$$),
    ($$SELECT btwin.epic5_session_performance('{6}')$$),
    ($$SELECT btwin.epic5_session_engagement(1, -1)$$),
    ($$SELECT btwin.epic5_time_of_day_score(101, 0, 0, 0)$$),
    ($$SELECT btwin.epic5_optimal_study_time('{2024-01-01}', '{}', '{1}', '{1}', '{1}')$$),
    ($$SELECT btwin.epic5_optimal_study_time('{2024-01-01}', '{1}', '{1}', '{1}', '{1}', 'Mars/Olympus')$$),
    ($$SELECT btwin.epic5_performance_peaks('{2024-01-01}', '{1,2}')$$),
    ($$SELECT btwin.epic5_performance_peaks('{2024-01-01}', NULL)$$),
    ($$SELECT btwin.epic5_session_attention('{1}', '{}', 60)$$),
    ($$SELECT btwin.epic5_attention_cycle('{60}', '{-1}', '{0}')$$),
    ($$SELECT btwin.epic5_session_fatigue('{1}', '{t}', -1)$$),
    ($$SELECT btwin.epic5_duration_buckets('{1}', '{2}', '{1}', '{1}', '{1}')$$),
    ($$SELECT btwin.epic5_duration_for_complexity(45, 0.5, 'EASY')$$),
    ($$SELECT btwin.epic5_content_preference('{lecture}', '{}', '{}', '{}', '{}')$$),
    ($$SELECT btwin.epic5_vark(-1, '{}', '{}', '{}', 0, 0)$$),
    -- every argument that has bounds, one step outside of them
    ($$SELECT btwin.epic5_weakness_score(0.5, -1, 'BASIC', 0, 0)$$),
    ($$SELECT btwin.epic5_weakness_score(0.5, 0, 'BASIC', 0, -1)$$),
    ($$SELECT btwin.epic5_weakness_score(0.5, 0, 'BASIC', 0, 0, 5.1)$$),
    ($$SELECT btwin.epic5_weakness_after_session(1.1, 5)$$),
    ($$SELECT btwin.epic5_mastery_level(1, -1)$$),
    ($$SELECT btwin.epic5_success_score(true, 0, -1, '{}', 1, 1, '{}', 0)$$),
    ($$SELECT btwin.epic5_success_score(true, 0, 1, '{1.1}', 1, 1, '{}', 0)$$),
    ($$SELECT btwin.epic5_success_score(true, 0, 1, '{}', -1, 1, '{}', 0)$$),
    ($$SELECT btwin.epic5_success_score(true, 0, 1, '{}', 1, -1, '{}', 0)$$),
    ($$SELECT btwin.epic5_success_score(true, 0, 1, '{}', 1, 1, '{5.1}', 0)$$),
    ($$SELECT btwin.epic5_success_score(true, 0, 1, '{}', 1, 1, '{}', -1)$$),
    ($$SELECT btwin.epic5_success_band(1.1)$$),
    ($$SELECT btwin.epic5_sufficiency(now(), 0, -1, now())$$),
    ($$SELECT btwin.epic5_time_of_day_score(0, 1.1, 0, 0)$$),
    ($$SELECT btwin.epic5_time_of_day_score(0, 0, 1.1, 0)$$),
    ($$SELECT btwin.epic5_time_of_day_score(0, 0, 0, 101)$$),
    ($$SELECT btwin.epic5_optimal_study_time('{2024-01-01}', '{101}', '{1}', '{1}', '{1}')$$),
    ($$SELECT btwin.epic5_optimal_study_time('{2024-01-01}', '{1}', '{1.1}', '{1}', '{1}')$$),
    ($$SELECT btwin.epic5_optimal_study_time('{2024-01-01}', '{1}', '{1}', '{1.1}', '{1}')$$),
    ($$SELECT btwin.epic5_optimal_study_time('{2024-01-01}', '{1}', '{1}', '{1}', '{101}')$$),
    ($$SELECT btwin.epic5_optimal_study_time('{2024-01-01}', '{1}', '{1}', '{1}', '{1}', min_weeks => 1.01e9)$$),
    ($$SELECT btwin.epic5_session_attention('{1}', '{t}', -1)$$),
    ($$SELECT btwin.epic5_session_attention('{-1}', '{t}', 60)$$),
    ($$SELECT btwin.epic5_duration_buckets('{-1}', '{1}', '{1}', '{1}', '{1}')$$),
    ($$SELECT btwin.epic5_duration_buckets('{1}', '{1}', '{-1}', '{1}', '{1}')$$),
    ($$SELECT btwin.epic5_duration_buckets('{1}', '{1}', '{1}', '{-1}', '{1}')$$),
    ($$SELECT btwin.epic5_duration_buckets('{1}', '{1}', '{1}', '{1}', '{1.1}')$$),
    ($$SELECT btwin.epic5_vark(0, '{}', '{}', '{}', 0, -1)$$),
    ($$SELECT btwin.epic5_vark(0, '{}', '{}', '{}', -1, 0)$$),
    ($$SELECT btwin.epic5_content_effectiveness('{lecture}', '{1}', '{t}', '{1.5}', '{}', '{}')$$)
) x(s);

-- every number of every rule, far below its range: the message names the range
WITH argument AS (
    SELECT p.proname::text COLLATE "C" AS rule, p.oid, p.proisstrict, a.name, a.place, pg_catalog.format_type(a.type, NULL) AS type
    FROM pg_catalog.pg_proc p, ROWS FROM (pg_catalog.unnest(p.proargtypes::oid[]), pg_catalog.unnest(p.proargnames)) WITH ORDINALITY AS a(type, name, place)
    WHERE p.pronamespace = 'btwin'::regnamespace AND p.proname ~ '^epic5_' AND p.proname !~ '^epic5_(bandit|pattern_check)' AND p.prosrc ~ 'check_(range|elements)' AND a.type IS NOT NULL),
call AS (
    SELECT x.rule, x.name, x.place, pg_catalog.format('SELECT * FROM btwin.%I(%s)', x.rule, pg_catalog.string_agg(pg_catalog.format('%I => %s', o.name,
               CASE WHEN o.place = x.place THEN pg_catalog.format(CASE WHEN o.type LIKE '%[]' THEN '''{-2e9}''::float8[]::%s' ELSE '(-2e9)::%s' END, o.type)
                    -- what another argument is bounded by
                    WHEN o.name IN ('total_objectives', 'reviews') THEN '4'
                    WHEN NOT x.proisstrict THEN 'NULL' WHEN o.type = 'text' THEN '''BASIC''' WHEN o.type = 'boolean' THEN 'true' ELSE '0' END), ', ' ORDER BY o.place)) AS statement
    FROM argument x JOIN argument o ON o.oid = x.oid
    WHERE x.type ~ '^(double precision|bigint|integer)'
    GROUP BY x.oid, x.rule, x.name, x.place, x.type)
SELECT rule, public.fault(statement) FROM call ORDER BY rule, place;

DROP FUNCTION public.fault;
DROP TABLE public.hour_rows, public.peak, public.lengths;
