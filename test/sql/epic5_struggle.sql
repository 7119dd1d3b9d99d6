-- the reference's struggle rules: expected values by hand from Epic 5 domain model, 2.11 to 2.13 and 2.18
SET search_path = '';
SET extra_float_digits = 0;

-- the neutral vector, 0.5 everywhere, with some features replaced (the first mention counts)
CREATE FUNCTION public.neutral(VARIADIC changes text[] DEFAULT '{}') RETURNS float8[] LANGUAGE sql AS $$
SELECT pg_catalog.array_agg(COALESCE((SELECT pg_catalog.split_part(c, '=', 2)::float8 FROM pg_catalog.unnest(changes) WITH ORDINALITY u (c, n) WHERE pg_catalog.split_part(c, '=', 1) = f.feature ORDER BY n LIMIT 1), 0.5) ORDER BY f."position")
FROM btwin.struggle_features() f $$;
-- nothing fires: retention 0.5, gap 0, lapse 0, load 0.5
CREATE FUNCTION public.calm(VARIADIC changes text[] DEFAULT '{}') RETURNS float8[] LANGUAGE sql AS $$
SELECT public.neutral(VARIADIC pg_catalog.array_cat(changes, '{prerequisite_gap_count=0,review_lapse_rate=0}')) $$;

\echo == the table of features: order, defaults, baseline weights, importances
SELECT "position", feature, epic5_default, epic5_weight, epic5_importance FROM btwin.struggle_features();
-- importances sum to 1, baseline weights to 0.96
SELECT round(sum(epic5_importance)::numeric, 9) AS importances, round(sum(epic5_weight)::numeric, 9) AS weights FROM btwin.struggle_features();

\echo == 2.12: the vectors the sheet names
-- all 0.5: terms 0.15 * 0.5 (gap between 0.2 and 0.5) + 0.15 * 0.5 (lapses) = 0.15; baseline 0.3 + 0.96 * 0.5 = 0.78
-- exam 1: 0.78 - 0.05 * 0.5 = 0.755. All defaults: 0.3 - .125 + .075 + .06 - .05 - .04 + 0 + 0 + .04 + .09 + 0 + 0 + .06 - .05 + .04 + .03 = 0.43
SELECT name, round(probability::numeric, 12) AS probability, round(baseline::numeric, 12) AS baseline, round(confidence::numeric, 9) AS confidence, round(data_quality::numeric, 9) AS data_quality,
       risk_level, top_features, risk_factors, protective_factors
FROM (VALUES (1, 'neutral', public.neutral()), (2, 'engine default', public.neutral('days_until_exam=1')), (3, 'all unknown', btwin.struggle_vector())) v (id, name, x), btwin.epic5_struggle(x) ORDER BY id;

\echo == 2.12: every term at its threshold and above; sum = probability before the floor
-- 0.4 (0.5 - r); 0.35 g above 0.5, 0.15 g above 0.2; 0.5 (m - 0.6); 0.4 (h - 0.7); 0.2 (t - 0.5); 0.15 l above 0.4; 0.3 (c - 0.7)
SELECT change, f.factor, f.value, f.weight, round(f.contribution::numeric, 12) AS contribution
FROM (VALUES (1, 'retention_score=0.5'), (2, 'retention_score=0.499'), (3, 'retention_score=0'),
             (4, 'prerequisite_gap_count=0.2'), (5, 'prerequisite_gap_count=0.201'), (6, 'prerequisite_gap_count=0.5'), (7, 'prerequisite_gap_count=0.501'), (8, 'prerequisite_gap_count=1'),
             (9, 'complexity_mismatch=0.6'), (10, 'complexity_mismatch=0.601'), (11, 'complexity_mismatch=1'),
             (12, 'historical_struggle_score=0.7'), (13, 'historical_struggle_score=0.701'), (14, 'historical_struggle_score=1'),
             (15, 'content_type_mismatch=0.5'), (16, 'content_type_mismatch=0.501'), (17, 'content_type_mismatch=1'),
             (18, 'review_lapse_rate=0.4'), (19, 'review_lapse_rate=0.401'), (20, 'review_lapse_rate=1'),
             (21, 'cognitive_load_indicator=0.7'), (22, 'cognitive_load_indicator=0.701'), (23, 'cognitive_load_indicator=1')) v (id, change)
LEFT JOIN LATERAL (SELECT * FROM btwin.epic5_struggle_contributions(public.calm(change)) WHERE factor <> 'baseline_floor') f ON true ORDER BY id;

\echo == 2.12: the jump at 0.4
-- retention 0 (0.2), lapses 1 (0.15), type 0.75 (0.2 * 0.25 = 0.05): 0.40 exactly, kept;
-- type 0.7: 0.2 + 0.2 * 0.2 + 0.15 = 0.39, so the baseline: 0.3 + 0 + .075 + .12 - .05 - .04 + 0 + .075 + .04 + .09 + .1 + .07 + .06 - .025 + .04 + .03 = 0.885
SELECT change, round(probability::numeric, 12) AS probability, round(baseline::numeric, 12) AS baseline
FROM (VALUES ('content_type_mismatch=0.75'), ('content_type_mismatch=0.7')) v (change), btwin.epic5_struggle(public.calm('retention_score=0', 'review_lapse_rate=1', change));
-- a baseline below the sum leaves it: retention 1 etc. Baseline 0.3 - .25 + 0 + .12 - .1 - .08 + 0 + 0 + 0 + 0 + 0 + 0 + 0 - .05 + 0 + 0 = -0.06, clamped to 0; lapses 0.15
SELECT round(probability::numeric, 12) AS probability, baseline FROM btwin.epic5_struggle('{1,0,1,1,1,0,0,0,0,0,0,0,1,0,0}');
-- the other end: 0.3 + 0.15 + 0.12 + 0.2 + 0.15 + 0.08 + 0.18 + 0.2 + 0.1 + 0.12 + 0.08 + 0.06 = 1.74, clamped to 1;
-- terms 0.2 + 0.35 + 0.2 + 0.12 + 0.1 + 0.15 + 0.09 = 1.21, capped at 1: cap -0.21
SELECT probability, baseline, confidence, top_features, risk_factors, protective_factors FROM btwin.epic5_struggle('{0,1,1,0,0,1,1,1,1,1,1,1,0,1,1}');
SELECT factor, value, weight, round(contribution::numeric, 12) AS contribution FROM btwin.epic5_struggle_contributions('{0,1,1,0,0,1,1,1,1,1,1,1,0,1,1}');
-- the floor is a row of its own: 0.78 - 0.15
SELECT factor, value, weight, round(contribution::numeric, 12) AS contribution FROM btwin.epic5_struggle_contributions(public.neutral());
SELECT setseed(0.13) IS NULL AS seed;
SELECT max(abs(total - probability)) < 1e-9 AS sum_to_probability, bool_and(probability BETWEEN 0 AND 1) AS in_range, count(*)
FROM (SELECT ARRAY(SELECT random() FROM pg_catalog.generate_series(1, 15) j WHERE i > 0) AS x FROM pg_catalog.generate_series(1, 1000) i) q,
     LATERAL btwin.epic5_struggle(x), LATERAL (SELECT sum(contribution) AS total FROM btwin.epic5_struggle_contributions(x)) s;
-- each baseline weight: from 0 to 1 the baseline moves by it (nothing clamped)
SELECT bool_and(abs(one.baseline - zero.baseline - f.epic5_weight) < 1e-12) AS all_weights
FROM btwin.struggle_features() f, LATERAL btwin.epic5_struggle(ARRAY(SELECT CASE WHEN i = f."position" THEN 1 WHEN i IN (1, 5, 13) THEN 0.4 ELSE 0.2 END FROM pg_catalog.generate_series(1, 15) i)) one,
     LATERAL btwin.epic5_struggle(ARRAY(SELECT CASE WHEN i = f."position" THEN 0 WHEN i IN (1, 5, 13) THEN 0.4 ELSE 0.2 END FROM pg_catalog.generate_series(1, 15) i)) zero;
-- equal terms keep the order of the rule: mismatch 0.5 * 0.2 and type 0.2 * 0.5 are 0.1 each
SELECT top_features, risk_factors FROM btwin.epic5_struggle(public.calm('complexity_mismatch=0.8', 'content_type_mismatch=1', 'review_lapse_rate=1'));

\echo == 2.12: protective factors at their thresholds
SELECT change, protective_factors FROM (VALUES
    ('retention_score=0.7'), ('retention_score=0.701'), ('prerequisite_gap_count=0.2'), ('prerequisite_gap_count=0.199'),
    ('session_performance_score=0.7'), ('session_performance_score=0.701'), ('validation_score=0.7'), ('validation_score=0.701'),
    ('days_until_exam=0.5'), ('days_until_exam=0.501')) v (change), btwin.epic5_struggle(public.neutral(change));

\echo == 2.11: data quality, abs(v - 0.5) > 0.01
-- a brand-new user, computed features at their defaults: gap, mastery gap, history, type 0, exam 1, complexity 0.3, mismatch 0, workload 0: 8 of 15
SELECT round(btwin.epic5_struggle_data_quality(public.neutral('prerequisite_gap_count=0', 'prerequisite_mastery_gap=0', 'historical_struggle_score=0', 'content_type_mismatch=0',
       'days_until_exam=1', 'content_complexity=0.3', 'complexity_mismatch=0', 'workload_level=0'))::numeric, 9) AS "8/15",
       btwin.epic5_struggle_data_quality(public.neutral()) AS "0",
       round(btwin.epic5_struggle_data_quality(public.neutral('retention_score=0.509', 'workload_level=0.491'))::numeric, 9) AS still_neutral,
       round(btwin.epic5_struggle_data_quality(public.neutral('retention_score=0.5101', 'workload_level=0.4899'))::numeric, 9) AS "2/15";

\echo == 2.13: classes at their thresholds
-- HIGH min(1, 0.7 + 0.3 (1 - r) + 0.3 g + 0.2 m + 0.2 h); MEDIUM 0.4 + 0.3 (0.4 (1 - r) + 0.3 g + 0.2 t + 0.1 c), at most 0.7;
-- LOW 0.1 + 0.3 (0.3 (1 - r) + 0.3 since + 0.2 workload + 0.2 (1 - session)).
-- Base: r 0.8, g 0.1, m 0.3, h 0, t 0.2, c 0.4, since 0.6, workload 0.7, session 0.9: LOW 0.1 + 0.3 (0.06 + 0.18 + 0.14 + 0.02) = 0.22
CREATE FUNCTION public.student(VARIADIC changes text[] DEFAULT '{}') RETURNS float8[] LANGUAGE sql AS $$
SELECT public.neutral(VARIADIC pg_catalog.array_cat(changes, '{retention_score=0.8,prerequisite_gap_count=0.1,complexity_mismatch=0.3,historical_struggle_score=0,content_type_mismatch=0.2,cognitive_load_indicator=0.4,days_since_last_study=0.6,workload_level=0.7,session_performance_score=0.9}')) $$;
SELECT change, class, round(probability::numeric, 12) AS probability, round(confidence::numeric, 9) AS confidence
FROM (VALUES (1, ''),
    -- 0.1 + 0.3 (0.09 + .34); 0.4 + 0.3 (0.4 * 0.301 + 0.03 + 0.04 + 0.04); 0.4 + 0.3 (0.2 + 0.11); 0.7 + 0.3 * 0.501 + 0.03 + 0.06
    (2, 'retention_score=0.7'), (3, 'retention_score=0.699'), (4, 'retention_score=0.5'), (5, 'retention_score=0.499'),
    -- 0.22; 0.4 + 0.3 (0.08 + 0.0603 + 0.08); 0.4 + 0.3 (0.08 + 0.15 + 0.08); 0.7 + 0.06 + 0.1503 + 0.06
    (6, 'prerequisite_gap_count=0.2'), (7, 'prerequisite_gap_count=0.201'), (8, 'prerequisite_gap_count=0.5'), (9, 'prerequisite_gap_count=0.501'),
    -- 0.22; 0.7 + 0.06 + 0.03 + 0.1202
    (10, 'complexity_mismatch=0.6'), (11, 'complexity_mismatch=0.601'),
    -- 0.22; 0.7 + 0.06 + 0.03 + 0.06 + 0.1402
    (12, 'historical_struggle_score=0.7'), (13, 'historical_struggle_score=0.701'),
    -- 0.22; 0.4 + 0.3 (0.08 + 0.03 + 0.1002 + 0.04)
    (14, 'content_type_mismatch=0.5'), (15, 'content_type_mismatch=0.501'),
    -- 0.22; 0.4 + 0.3 (0.08 + 0.03 + 0.04 + 0.0701)
    (16, 'cognitive_load_indicator=0.7'), (17, 'cognitive_load_indicator=0.701'),
    -- LOW parts: since 1 adds 0.036, workload 0 takes 0.042, session 0 adds 0.054
    (18, 'days_since_last_study=1'), (19, 'workload_level=0'), (20, 'session_performance_score=0'),
    -- saturation: 0.7 + 0.3 + 0.03 + 0.06 = 1.09
    (21, 'retention_score=0')) v (id, change), btwin.epic5_struggle_class(public.student(change)) ORDER BY id;
-- MEDIUM cannot pass 0.7: r 0.5, g 0.5, t 1, c 1 give 0.4 + 0.3 (0.2 + 0.15 + 0.2 + 0.1) = 0.595
SELECT class, round(probability::numeric, 12) AS probability FROM btwin.epic5_struggle_class(public.student('retention_score=0.5', 'prerequisite_gap_count=0.5', 'content_type_mismatch=1', 'cognitive_load_indicator=1'));
-- confidence: 0.6 q + 0.2 (history > 0) + 0.2; all 15 away from 0.5 and history: 1; without history 0.8; neutral: 0 + 0.2 + 0.2;
-- history 0: 0.6 / 15 + 0 + 0.2 = 0.24; 0.001: 0.04 + 0.2 + 0.2 = 0.44
SELECT confidence, (btwin.epic5_struggle_class('{0,0,0,0,0,0,0,0,0,0,0,0,0,0,0}')).confidence AS without_history, (btwin.epic5_struggle_class(public.neutral())).confidence AS neutral,
       (btwin.epic5_struggle_class(public.neutral('historical_struggle_score=0'))).confidence AS no_history, (btwin.epic5_struggle_class(public.neutral('historical_struggle_score=0.001'))).confidence AS trace
FROM btwin.epic5_struggle_class('{1,1,1,1,1,1,1,1,1,1,1,1,1,1,1}');

\echo == 2.18: outcome of a session: good share < 0.65, AGAIN >= 3, mean validation < 0.6 (0.7 without any)
SELECT good_share, again, validation, btwin.epic5_struggled(good_share, again, validation) FROM (VALUES
    (0.65, 2, NULL::float8[]), (0.649, 2, NULL), (0.65, 3, NULL), (1, 0, '{0.6}'), (1, 0, '{0.5,0.69}'), (1, 0, '{0.5,0.7}'), (1, 0, '{}'), (NULL, 5, '{0}'), (1, NULL, '{NULL,0.9}')) v (good_share, again, validation);
SELECT p, y, btwin.epic5_prediction_status(p, y) FROM (VALUES (0.5, true), (0.501, true), (0.501, false), (0.5, false)) v (p, y);

\echo == 2.18: calibration bins and accuracy
-- bins: .2 .4 | .5 .55 | .6 | - | .8 .89 | .9; 1.0 falls in none. ECE = (2 |.3 - .5| + 2 |.525 - .5| + 1 |.6 - 0| + 2 |.845 - 1| + 1 |.9 - 1|) / 9 = 1.46 / 9
SELECT bin_low, bin_high, "count", round(mean_predicted::numeric, 9) AS mean_predicted, observed_rate, round(error::numeric, 9) AS error
FROM btwin.epic5_calibration_bins('{0.2,0.4,0.5,0.55,0.6,0.8,0.89,0.9,1.0,NULL}', '{f,t,f,t,f,t,t,t,t,t}');
-- TP: .55 .8 .89 .9 1 = 5; FP: .6 = 1; TN: .2 .5 = 2; FN: .4 = 1; F1 = 10 / 12
-- Brier = (.04 + .36 + .25 + .2025 + .36 + .04 + .0121 + .01 + 0) / 9 = 1.2746 / 9
SELECT evidence_count, round(accuracy::numeric, 9) AS "7/9", round("precision"::numeric, 9) AS "5/6", round(recall::numeric, 9) AS "5/6", round(f1::numeric, 9) AS "5/6",
       round(brier::numeric, 9) AS brier, round(calibration::numeric, 9) AS "1 - 1.46/9", round(false_positive_rate::numeric, 9) AS "1/9", round(false_negative_rate::numeric, 9) AS "1/9"
FROM btwin.epic5_prediction_accuracy('{0.2,0.4,0.5,0.55,0.6,0.8,0.89,0.9,1.0,NULL}', '{f,t,f,t,f,t,t,t,t,t}');
SELECT * FROM btwin.epic5_prediction_accuracy('{}', '{}');
-- undefined ratios are 0: nothing predicted, nothing struggled
SELECT accuracy, "precision", recall, f1 FROM btwin.epic5_prediction_accuracy('{0.2}', '{f}');
-- a hair above 0.5 is predicted; a certainty lies in no bin, so nothing speaks against the calibration
SELECT accuracy, false_positive_rate FROM btwin.epic5_prediction_accuracy('{0.2,0.52}', '{f,f}');
SELECT calibration FROM btwin.epic5_prediction_accuracy('{1}', '{t}');

\echo == errors
CREATE FUNCTION public.fault(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    state text; message text; detail text; hint text;
BEGIN
    EXECUTE statement;
    RETURN 'no error';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
    RETURN pg_catalog.format('%s: %s | %s | %s', state, message, detail, hint);
END $$;
SELECT public.fault(s) FROM (VALUES
    ($$SELECT btwin.epic5_struggle('{0.5}')$$),
    ($$SELECT btwin.epic5_struggle(btwin.struggle_vector(complexity_mismatch => 1.2))$$),
    ($$SELECT * FROM btwin.epic5_struggle_contributions('{}')$$),
    ($$SELECT btwin.epic5_struggle_class(btwin.struggle_vector(complexity_mismatch => 'Infinity'))$$),
    ($$SELECT btwin.epic5_struggle_data_quality('{0.5}')$$),
    ($$SELECT * FROM btwin.epic5_calibration_bins('{0.5}', '{}')$$),
    ($$SELECT * FROM btwin.epic5_calibration_bins('{1.5}', '{t}')$$),
    ($$SELECT btwin.epic5_prediction_accuracy('{NaN}', '{t}')$$)) x(s);

DROP FUNCTION public.neutral, public.calm, public.student, public.fault;
