-- the reference's load rules: Epic 5 domain model, 2.21, 2.22, 2.23
SET search_path = '';
SET extra_float_digits = 0;

CREATE SCHEMA epic5_load_test;
CREATE FUNCTION epic5_load_test.fault(statement text) RETURNS text LANGUAGE plpgsql AS $$
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

\echo == 2.21: nothing at all
-- no latency 0, no error 0, no metrics 0, no scores 0, 0 minutes 0; confidence 0.7 * 0.8 * 0.9 * 0.6 = 0.3024
SELECT * FROM btwin.epic5_cognitive_load();
SELECT * FROM btwin.epic5_cognitive_load(response_latencies_ms => NULL, performance_scores => NULL);

\echo == 2.21: latency steps, each limit and just above it (base 2000: x = ms / 2000 - 1)
-- > .05 25, > .15 50, > .3 75, > .5 100; contribution = 0.30 of it. x = 0.5 exactly scores 75
SELECT ms, (SELECT score FROM btwin.epic5_cognitive_load_factors(ARRAY[ms]) WHERE factor = 'RESPONSE_LATENCY') AS score,
       (SELECT severity FROM btwin.epic5_cognitive_load_indicators(ARRAY[ms])) AS severity,
       (btwin.epic5_cognitive_load(ARRAY[ms])).load_score
FROM unnest('{0,2000,2100,2100.01,2300,2300.01,2600,2600.01,3000,3000.01,9000}'::float8[]) AS ms;
SELECT (SELECT score FROM btwin.epic5_cognitive_load_factors(ARRAY[1536], baseline_latency_ms => 1024) WHERE factor = 'RESPONSE_LATENCY') AS x_exactly_half,
       (SELECT severity FROM btwin.epic5_cognitive_load_indicators(ARRAY[1536], baseline_latency_ms => 1024)) AS severity;
-- the mean counts: (1000 + 5200) / 2 = 3100, x = 0.55; value of the indicator is the mean
SELECT * FROM btwin.epic5_cognitive_load_indicators('{1000,5200}');
-- a baseline of 0 is missing: 2000; it is there for the confidence all the same: 0.7 * 0.8 * 0.9
SELECT load_score, confidence FROM btwin.epic5_cognitive_load('{3001}', baseline_latency_ms => 0);
SELECT load_score, confidence FROM btwin.epic5_cognitive_load('{3001}', baseline_latency_ms => 3000);

\echo == 2.21: error rate, 100 times, LOW, MEDIUM, HIGH above .2, .3, .4
SELECT rate, (btwin.epic5_cognitive_load(error_rate => rate)).load_score, (SELECT severity FROM btwin.epic5_cognitive_load_indicators(error_rate => rate)) AS severity,
       (SELECT contribution FROM btwin.epic5_cognitive_load_indicators(error_rate => rate)) AS contribution
FROM unnest('{0,0.2,0.2001,0.3,0.3001,0.4,0.4001,1}'::float8[]) AS rate;

\echo == 2.21: engagement
-- 10 a pause + 50 * share: 2 pauses, 6 of 60 minutes: 20 + 5 = 25; 10 pauses reach 100; share limits .2, .3, .4
SELECT pauses, ms, (SELECT score FROM btwin.epic5_cognitive_load_factors(session_minutes => 60, pause_count => pauses, pause_duration_ms => ms) WHERE factor = 'ENGAGEMENT_DROP') AS score,
       (SELECT severity FROM btwin.epic5_cognitive_load_indicators(session_minutes => 60, pause_count => pauses, pause_duration_ms => ms)) AS severity,
       (btwin.epic5_cognitive_load(session_minutes => 60, pause_count => pauses, pause_duration_ms => ms)).*
FROM (VALUES (2, 360000), (0, 720000), (0, 720036), (0, 1080000), (0, 1080036), (0, 1440000), (0, 1440036), (10, 0), (11, 3600000), (NULL, 360000), (2, NULL)) AS v(pauses, ms);
-- 0 minutes: not a number, and so is what follows from it; two HIGH indicators decide all the same
SELECT * FROM btwin.epic5_cognitive_load(pause_count => 0, pause_duration_ms => 0);
SELECT * FROM btwin.epic5_cognitive_load(pause_count => 1, pause_duration_ms => 1000);
SELECT * FROM btwin.epic5_cognitive_load('{9000}', 0.5, pause_count => 1);
-- a third of a second is not 0 minutes: 10 for the pause
SELECT score FROM btwin.epic5_cognitive_load_factors(session_minutes => 0.005, pause_count => 1, pause_duration_ms => 0) WHERE factor = 'ENGAGEMENT_DROP';
SELECT * FROM btwin.epic5_cognitive_load_factors('{9000}', 0.5, pause_count => 1);
SELECT * FROM btwin.epic5_cognitive_load_indicators('{9000}', 0.5, pause_count => 1);

\echo == 2.21: decline needs 5 scores, takes the last 5, counts from d = 0.2 on, is an indicator above it
-- base 0.7 and mean 0.6 give 1/7: nothing; base 0.625 and mean 0.5 exactly 0.2: score 20, no indicator.
-- 1 - 0.7 is above the double 0.3 and so MEDIUM
SELECT what, factor_score, severity, load_score, confidence FROM (VALUES
    ('four scores', '{0,0,0,0}'::float8[], 0.7), ('mean 0.6', '{0.6,0.6,0.6,0.6,0.6}', 0.7), ('last five', '{1,1,1,0.5,0.5,0.5,0.5,0.5}', 0.625),
    ('exactly 0.2', '{0.5,0.5,0.5,0.5,0.5}', 0.625), ('0.205', '{0.795,0.795,0.795,0.795,0.795}', 1), ('0.25', '{0.75,0.75,0.75,0.75,0.75}', 1), ('0.3', '{0.7,0.7,0.7,0.7,0.7}', 1), ('0.31', '{0.69,0.69,0.69,0.69,0.69}', 1),
    ('0.4', '{0.375,0.375,0.375,0.375,0.375}', 0.625), ('0.41', '{0.59,0.59,0.59,0.59,0.59}', 1), ('zero base is 0.7', '{0.35,0.35,0.35,0.35,0.35}', 0), ('all lost', '{0,0,0,0,0}', 1), ('better than usual', '{1,1,1,1,1}', 0.5)) AS v(what, scores, base),
    LATERAL (SELECT round(score::numeric, 12) AS factor_score FROM btwin.epic5_cognitive_load_factors(performance_scores => scores, baseline_performance => base) WHERE factor = 'PERFORMANCE_DECLINE') f,
    LATERAL (SELECT (SELECT severity FROM btwin.epic5_cognitive_load_indicators(performance_scores => scores, baseline_performance => base)) AS severity) i,
    LATERAL (SELECT round(load_score::numeric, 12) AS load_score, confidence FROM btwin.epic5_cognitive_load(performance_scores => scores, baseline_performance => base)) l;

\echo == 2.21: duration, 10 above 60 minutes, 25 above 90; MEDIUM and HIGH
SELECT minutes, (SELECT score FROM btwin.epic5_cognitive_load_factors(session_minutes => minutes) WHERE factor = 'DURATION_STRESS') AS score,
       (SELECT severity FROM btwin.epic5_cognitive_load_indicators(session_minutes => minutes)) AS severity, load_score, load_level, overload, risk_level, recommendations
FROM unnest('{60,60.01,90,90.01}'::float8[]) AS minutes, btwin.epic5_cognitive_load(session_minutes => minutes);

\echo == 2.21: everything at its worst: 30 + 25 + 20 + 15 + 2.5 = 92.5, the largest there is
SELECT * FROM btwin.epic5_cognitive_load('{9000,9000,9000,9000,9000}', 1, '{0,0,0,0,0}', 91, 20, 0, 2000, 0.7);
SELECT * FROM btwin.epic5_cognitive_load_factors('{9000,9000,9000,9000,9000}', 1, '{0,0,0,0,0}', 91, 20, 0, 2000, 0.7);
SELECT * FROM btwin.epic5_cognitive_load_indicators('{9000,9000,9000,9000,9000}', 1, '{0,0,0,0,0}', 91, 20, 0, 2000, 0.7);

\echo == 2.21: levels, risk and advice at 40, 60 and 80, just below and just above
-- 40 = 30 + 25 * 0.4; 60 = 0.3 * 75 + 25 * 0.7 + 20 (20 pauses); 80 = 30 + 25 * 0.5 + 20 + 15 + 2.5. 80 is CRITICAL by
-- level; the advice is still that of above 60
SELECT what, load_score, load_level, overload, risk_level, recommendations FROM (VALUES
    ('40', '{9000}'::float8[], 0.4, '{}'::float8[], 10.0, NULL::int), ('below', '{9000}', 0.399, '{}', 10, NULL), ('above', '{9000}', 0.401, '{}', 10, NULL),
    ('60', '{2700}', 0.7, '{}', 10, 20), ('below', '{2700}', 0.699, '{}', 10, 20), ('above', '{2700}', 0.701, '{}', 10, 20),
    ('80', '{9000}', 0.5, '{0,0,0,0,0}', 91, 20), ('below', '{9000}', 0.499, '{0,0,0,0,0}', 91, 20), ('above', '{9000}', 0.501, '{0,0,0,0,0}', 91, 20)) AS v(what, ms, rate, scores, minutes, pauses),
    LATERAL btwin.epic5_cognitive_load(ms, rate, scores, minutes, pauses);
-- The largest load with one HIGH indicator: 0.3 * 75 + 25 (HIGH) + 20 (share 0) + 0.15 * 40 + 1 = 74.5, so a load above 80
-- always has two and "> 80" decides nothing. The largest without any: 0.3 * 75 + 25 * 0.4 + 20 + 0.15 * 40 + 1 = 59.5, so
-- a load above 60 always has one.
SELECT load_score, load_level, overload, risk_level FROM (VALUES (1.0), (0.4)) AS v(rate), LATERAL btwin.epic5_cognitive_load('{3000}', rate, '{0.375,0.375,0.375,0.375,0.375}', 90, 20, 0, 2000, 0.625);
-- one HIGH indicator at a low load is HIGH risk; without any LOW up to 40, MEDIUM above
SELECT load_score, risk_level, overload FROM (VALUES ('{}'::float8[], 0.41, NULL::int), ('{}', 0.4, NULL), ('{3000}', 0.3, 5), ('{3000}', 0.301, 5)) AS v(ms, rate, pauses),
    LATERAL btwin.epic5_cognitive_load(ms, rate, '{}', 10, pauses);

\echo == 2.21: confidence
-- 5 latencies, 5 scores, engagement and baseline: 1; each missing in turn: 0.7, 0.8, 0.9, 0.6
SELECT (btwin.epic5_cognitive_load('{1,1,1,1,1}', 0, '{1,1,1,1,1}', 10, 0, 0, 2000, 0.7)).confidence AS all_there,
       (btwin.epic5_cognitive_load('{1,1,1,1}', 0, '{1,1,1,1,1}', 10, 0, 0, 2000, 0.7)).confidence AS latencies,
       (btwin.epic5_cognitive_load('{1,1,1,1,1}', 0, '{1,1,1,1}', 10, 0, 0, 2000, 0.7)).confidence AS scores,
       (btwin.epic5_cognitive_load('{1,1,1,1,1}', 0, '{1,1,1,1,1}', 10, NULL, NULL, 2000, 0.7)).confidence AS engagement,
       (btwin.epic5_cognitive_load('{1,1,1,1,1}', 0, '{1,1,1,1,1}', 10, 0, 0)).confidence AS baseline;

-- by default no answers, no errors, no time
SELECT factor, score FROM btwin.epic5_cognitive_load_factors();
SELECT count(*) AS indicators FROM btwin.epic5_cognitive_load_indicators();
SELECT count(*) AS indicators FROM btwin.epic5_cognitive_load_indicators(pause_count => 0, pause_duration_ms => 60000);

\echo == 2.22, web modulator
-- no data: 0.3 * 0 + 0.3 * 50 + 0.2 * 50 + 0.2 * 10 = 27
SELECT * FROM btwin.epic5_load_modulator(0, 0);
-- a steady habit: 5 of 20 hours: volume 50; scores 80: 20; validation 0.75: 25; 1 of 4 abandoned: 12.5 + 10 = 22.5; 15 + 6 + 5 + 4.5 = 30.5, half up 31
SELECT * FROM btwin.epic5_load_modulator(5, 20, '{80,80}', '{0.5,1}', 4, 1, 0.9);
-- a hair below the half: 15 + 6 + 4.9965 + 4.5 = 30.4965 gives 30, and no weight may grow by a thousandth
SELECT load_score FROM btwin.epic5_load_modulator(5, 20, '{80,80}', '{0.750175}', 4, 1);
-- all hours in the recent week: ratio 4, volume min(100, 200)
-- eighteen seconds of a week's eighteen: ratio 1, volume 50; the only session abandoned: 50 + 10, 15 + 10 + 12 = 37
SELECT volume FROM btwin.epic5_load_modulator(0.005, 0.02);
SELECT stress, load_score FROM btwin.epic5_load_modulator(0, 0, sessions_started => 1, sessions_abandoned => 1);
-- last five only: (0 -> 50) + 100 + 100 + 100 + 100 = 90, the first 10 does not count: performance 10
SELECT volume, performance, load_score FROM btwin.epic5_load_modulator(5, 5, '{10,0,100,100,100,100}', '{1}');
-- volume 100 (30), performance 100 - score (0 or 29.7), comprehension 100 - 100 v, stress 10 (2): 39 is LOW, 40 MEDIUM;
-- 70.2 -> 70 is MEDIUM, 71.2 -> 71 HIGH with light review; 81.1 -> 81 and 81.7 -> 82 days off; 80 itself is none
SELECT load_score, load_level, duration_factor, extra_breaks, content, rest_day, recovery FROM (VALUES
    ('{100}'::float8[], '{0.65}'::float8[]), ('{100}', '{0.6}'), ('{1}', '{0.575}'), ('{1}', '{0.525}'), ('{1}', '{0.085}'), ('{1}', '{0.03}'), ('{1}', '{0}')) AS v(s, c), LATERAL btwin.epic5_load_modulator(40, 40, s, c);
-- data quality 0 is missing
SELECT (btwin.epic5_load_modulator(1, 4, data_quality_score => 0)).confidence, (btwin.epic5_load_modulator(1, 4, data_quality_score => 1)).confidence AS full_quality;

\echo == 2.22, Python analyzer
-- ratio 5 / 10 by default; no data gives 75, 75, 0, 0, 1
SELECT * FROM btwin.epic5_load_features(5);
-- slope of (0, 90), (1, 80), (3, 75): means 4/3, 245/3; Sxy = -65/3, Sxx = 14/3: -65/14 = -4.642857
SELECT study_volume_ratio, round(performance_trend_7d::numeric, 9) AS trend, round((-65 / 14.0)::numeric, 9) AS expected, round(error_rate_trend::numeric, 9) AS error_rate_trend, avg_performance_last_5, validation_score_avg, session_abandonment_rate, pause_frequency, avg_response_time_ratio, consecutive_days, session_completion_rate
FROM btwin.epic5_load_features(12, 8, '{0,1,3}', '{90,80,75}', '{60,70}', 4, 3, 6, '{5000,10000}', 6);
SELECT avg_performance_last_5, performance_trend_7d FROM btwin.epic5_load_features(1, 10, '{1,1}', '{60,80}');
SELECT performance_trend_7d, error_rate_trend, avg_performance_last_5 FROM btwin.epic5_load_features(1, 10, '{1,1,1,1,1,1}', '{0,60,60,60,60,60}');
SELECT study_volume_ratio FROM btwin.epic5_load_features(1, 0);
-- one of each: 60, 50, 1 of 1 completed, 10000 / 5000; and the same session abandoned
SELECT avg_performance_last_5, validation_score_avg, session_abandonment_rate, session_completion_rate, avg_response_time_ratio
FROM pg_catalog.unnest('{1,0}'::int[]) completed, LATERAL btwin.epic5_load_features(1, 10, '{0}', '{60}', '{50}', 1, completed, 0, '{10000}') ORDER BY completed DESC;
-- without hours no pauses an hour
SELECT pause_frequency FROM pg_catalog.unnest('{0,1}'::int[]) pauses, LATERAL btwin.epic5_load_features(0, pause_count => pauses);
-- one pause in 0.005 hours
SELECT pause_frequency FROM btwin.epic5_load_features(0.005, pause_count => 1);
-- 0.30 * 50 + 0.25 * 30 + 0.25 (40 * 0.25 + 30 * 7.5 / 15 + 60 * 0.5 = 55) + 0.20 * 40 = 15 + 7.5 + 13.75 + 8 = 44.25; confidence 0.5 + 0.2 * 0.75 + min(0.2, 0.2) = 0.85
SELECT load_score, load_level, confidence FROM btwin.epic5_load_analyzer(1.2, 70, 60, 0.25, 7.5, 1.5, 0.75, 5, 1);
-- clamps: volume below 0.7 and above 1.7, behaviour below 0 and above 100; confidence at most 1
SELECT load_score, load_level, confidence FROM (VALUES (0.7::float8, 100::float8, 100::float8, 0::float8, 0::float8, 0::float8, 1::float8, 30, 9), (0, 100, 100, 0, 0, 0, 0, 0, 0), (1.7, 0, 0, 1, 60, 3, 0, 0, 0), (9, 0, 0, 1, 60, 3, 0, 0, 0)) AS v(a, b, c, d, e, f, g, h, i), LATERAL btwin.epic5_load_analyzer(a, b, c, d, e, f, g, h, i);
-- levels: 30 is MEDIUM, 70 HIGH
SELECT load_score, load_level FROM unnest('{1.6875,1.7,1.6}'::float8[]) AS r, LATERAL btwin.epic5_load_analyzer(r, 100, 100);
SELECT load_score, load_level FROM unnest('{0,0.5}'::float8[]) AS p, LATERAL btwin.epic5_load_analyzer(1.7, p, 25);
SELECT load_score FROM btwin.epic5_load_analyzer(NULL) AS l;
-- by default: 0.30 * 30 + 0.25 * 25 + 0.20 * 25 = 20.25, and no session to rely on
SELECT * FROM btwin.epic5_load_analyzer(1);
-- recent sessions: 1 of 5 reaches the cap of 0.2
SELECT confidence FROM unnest('{0,1,2}'::int[]) AS n, LATERAL btwin.epic5_load_analyzer(1, session_count_3_days => n);
-- factors at their limits and above
SELECT v.what, f.* FROM (VALUES ('limits', 1.2::float8, 70::float8, 60::float8, 0.25::float8, 10::float8, 1.5::float8, 6), ('above', 1.21, 69, 59, 0.26, 10.1, 1.51, 7), ('HIGH limits', 1.5, 60, 50, 0.4, 10, 1.5, 10), ('HIGH', 1.51, 59, 49, 0.41, 99, 9, 11)) AS v(what, a, b, c, d, e, g, h), LATERAL btwin.epic5_load_analyzer_factors(a, b, c, d, e, g, h) f;
-- the volume's impact ends at 0.30 * 100
SELECT factor, impact FROM pg_catalog.unnest('{1.7,2}'::float8[]) ratio, LATERAL btwin.epic5_load_analyzer_factors(ratio);
-- all seven are there above: the two smallest impacts are left out; fewer show what those are
SELECT * FROM btwin.epic5_load_analyzer_factors(1, consecutive_study_days => 7, validation_score_avg => 59, pause_frequency => 11);
SELECT * FROM btwin.epic5_load_analyzer_factors(1, consecutive_study_days => 11, validation_score_avg => 49.9);
SELECT rate, f.* FROM unnest('{0.25,0.251,0.4,0.401}'::float8[]) AS rate, LATERAL btwin.epic5_load_analyzer_factors(1, session_abandonment_rate => rate) f;
-- burnout flag
SELECT days, load, high, rested, performance, btwin.epic5_load_burnout_flag(days, load, high, rested, performance) AS flag FROM (VALUES
    ('{60.01,60.01,60.01,60.01,60.01}'::float8[], 0, 2, true, false), ('{61,61,61,61,61}', 0, 1, true, false), ('{61,61,61,61}', 0, 2, true, false), ('{60,61,61,61,61}', 0, 2, true, false),
    ('{0,61,61,61,61,61}', 0, 0, true, false), ('{}', 70, 2, false, true), ('{}', 70.01, 2, false, true), ('{}', 70.01, 0, true, true), ('{}', 70.01, 0, true, false), ('{}', 70, 0, true, true)) AS v(days, load, high, rested, performance);

\echo == 2.23, difficulty adapter
SELECT load, a.* FROM unnest('{0,29.99,30,39.99,40,60,60.01,80,80.01,100}'::float8[]) AS load, LATERAL btwin.epic5_difficulty_adapter(load) a;
-- an error rate above 0.3: ADVANCED to INTERMEDIATE, others to BASIC; NONE to MINIMAL, others to MODERATE
SELECT load, rate, max_complexity, scaffolding FROM unnest('{20,50,70,90}'::float8[]) AS load, unnest('{0.3,0.3001}'::float8[]) AS rate, LATERAL btwin.epic5_difficulty_adapter(load, rate) a ORDER BY rate, load;
SELECT load, c.* FROM unnest('{29.99,30,50,60,60.01,65,65.01}'::float8[]) AS load, LATERAL btwin.epic5_optimal_challenge(load) c;
SELECT load, tolerance, increasing, zone, c.* FROM (VALUES (80::float8, 90::float8, false, false), (80.01, 90, false, false), (50, 65, true, false), (50.01, 65, true, false), (50.01, 65, true, true), (50.01, 65, false, true), (10, 65, false, true), (45, 40, false, true)) AS v(load, tolerance, increasing, zone), LATERAL btwin.epic5_optimal_challenge(load, tolerance, increasing, zone) c;
SELECT btwin.epic5_difficulty_adapter(NULL) IS NULL AS of_null, btwin.epic5_optimal_challenge(NULL) IS NULL AS challenge_of_null;

\echo == bad arguments
SELECT epic5_load_test.fault(q) FROM unnest(ARRAY[
    'SELECT btwin.epic5_cognitive_load(ARRAY[-1])', 'SELECT btwin.epic5_cognitive_load(ARRAY[86400001])', 'SELECT btwin.epic5_cognitive_load(ARRAY[1, NULL])',
    'SELECT btwin.epic5_cognitive_load(ARRAY[[1]])', 'SELECT btwin.epic5_cognitive_load(ARRAY[''NaN''::float8])', 'SELECT btwin.epic5_cognitive_load(error_rate => 1.1)',
    'SELECT btwin.epic5_cognitive_load(error_rate => NULL)', 'SELECT btwin.epic5_cognitive_load(performance_scores => ARRAY[70])', 'SELECT btwin.epic5_cognitive_load(session_minutes => -1)',
    'SELECT btwin.epic5_cognitive_load(session_minutes => 1441)', 'SELECT btwin.epic5_cognitive_load(session_minutes => NULL)', 'SELECT btwin.epic5_cognitive_load(pause_count => -1)',
    'SELECT btwin.epic5_cognitive_load(pause_duration_ms => -1)', 'SELECT btwin.epic5_cognitive_load(baseline_latency_ms => -1)', 'SELECT btwin.epic5_cognitive_load(baseline_performance => 70)',
    'SELECT * FROM btwin.epic5_cognitive_load_factors(error_rate => -0.1)', 'SELECT * FROM btwin.epic5_cognitive_load_indicators(error_rate => -0.1)',
    'SELECT btwin.epic5_load_modulator(-1, 0)', 'SELECT btwin.epic5_load_modulator(NULL, 0)', 'SELECT btwin.epic5_load_modulator(0, 0, ARRAY[101])', 'SELECT btwin.epic5_load_modulator(0, 0, ''{}'', ARRAY[50])',
    'SELECT btwin.epic5_load_modulator(0, 0, sessions_started => 1, sessions_abandoned => 2)', 'SELECT btwin.epic5_load_modulator(0, 0, sessions_started => -1)', 'SELECT btwin.epic5_load_modulator(0, 0, sessions_abandoned => 1)', 'SELECT btwin.epic5_load_modulator(0, 0, data_quality_score => 2)',
    'SELECT btwin.epic5_load_features(1, 10, ARRAY[1], ''{}'')', 'SELECT btwin.epic5_load_features(1, sessions_completed => 1)', 'SELECT btwin.epic5_load_features(-1)',
    'SELECT btwin.epic5_load_modulator(0, 10001)', 'SELECT btwin.epic5_load_features(1, 10001)', 'SELECT btwin.epic5_load_features(1, 10, ARRAY[1.01e7], ARRAY[1])',
    'SELECT btwin.epic5_load_features(1, 10, ARRAY[1], ARRAY[101])', 'SELECT btwin.epic5_load_features(1, validation_scores => ARRAY[101])', 'SELECT btwin.epic5_load_features(1, response_latencies_ms => ARRAY[-1])',
    'SELECT btwin.epic5_load_analyzer(1, 75, 101)', 'SELECT btwin.epic5_load_analyzer(1, session_abandonment_rate => 1.1)', 'SELECT btwin.epic5_load_analyzer(1, pause_frequency => -1)',
    'SELECT btwin.epic5_load_analyzer(1, avg_response_time_ratio => -1)', 'SELECT btwin.epic5_load_analyzer(1, session_completion_rate => 1.1)', 'SELECT btwin.epic5_load_analyzer(1, session_count => -1)',
    'SELECT * FROM btwin.epic5_load_analyzer_factors(-1)', 'SELECT * FROM btwin.epic5_load_analyzer_factors(1, 101)', 'SELECT * FROM btwin.epic5_load_analyzer_factors(1, 75, 101)',
    'SELECT * FROM btwin.epic5_load_analyzer_factors(1, session_abandonment_rate => 1.1)', 'SELECT * FROM btwin.epic5_load_analyzer_factors(1, pause_frequency => -1)', 'SELECT * FROM btwin.epic5_load_analyzer_factors(1, avg_response_time_ratio => -1)',
    'SELECT btwin.epic5_load_burnout_flag(''{}'', 101, 0, true, true)', 'SELECT btwin.epic5_optimal_challenge(50, 101)',
    'SELECT btwin.epic5_load_analyzer(-1)', 'SELECT btwin.epic5_load_analyzer(1, 101)', 'SELECT * FROM btwin.epic5_load_analyzer_factors(1, consecutive_study_days => -1)',
    'SELECT btwin.epic5_load_burnout_flag(ARRAY[101], 0, 0, true, true)', 'SELECT btwin.epic5_difficulty_adapter(101)', 'SELECT btwin.epic5_difficulty_adapter(50, 2)', 'SELECT btwin.epic5_optimal_challenge(-1)']) AS q;

SET client_min_messages = warning;
DROP SCHEMA epic5_load_test CASCADE;
