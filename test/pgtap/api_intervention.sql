-- Interventions as an application sees them, and how good the predictions of struggle were.
\set QUIET on
SET client_min_messages = warning;
SET DateStyle = 'ISO, YMD';
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS btwin;
SELECT plan(63);
SET timezone = 'UTC';

\ir api_helpers.psql
-- a score as text: value, interval, confidence, rows, reason
CREATE FUNCTION pg_temp.shown(score jsonb) RETURNS text LANGUAGE sql AS $$
SELECT concat_ws(' ', coalesce(round((score ->> 'value')::numeric, 5)::text, '-'), coalesce(round((score ->> 'low')::numeric, 5)::text, '-'), coalesce(round((score ->> 'high')::numeric, 5)::text, '-'),
                 round((score ->> 'confidence')::numeric, 5), score ->> 'evidence_count', score ->> 'reason')
$$;
SELECT is(pg_temp.refusal($$SELECT btwin_api.model_performance(all_learners => true)$$), 'PT400 not_attached', 'before attach');
CREATE TEMP TABLE attached AS SELECT * FROM btwin.attach('public');

-- The moment is 2026-03-16 12:00 in UTC; a microsecond is what separates "by then" from "later".
INSERT INTO users (id, behavioral_analysis_enabled, include_in_analytics) VALUES ('ann', true, true), ('bob', true, true), ('eve', true, true), ('off', false, true);
INSERT INTO courses (id, user_id, name) SELECT 'k' || u, u, 'Course' FROM unnest('{ann,bob}'::text[]) u;
INSERT INTO lectures (id, user_id, course_id, title, file_name, file_url, file_size) SELECT 'v' || u, u, 'k' || u, 't', 'f', 'u', 1 FROM unnest('{ann,bob}'::text[]) u;
INSERT INTO learning_objectives (id, lecture_id, objective, extracted_by) SELECT 'o' || u, 'v' || u, 'o', 'x' FROM unnest('{ann,bob}'::text[]) u;
INSERT INTO missions (id, user_id, date, status, estimated_minutes, completed_at, objectives)
VALUES ('m1', 'ann', '2026-03-16', 'COMPLETED', 30, '2026-03-16 12:00:00.000001+00', '[]'), ('m2', 'ann', '2026-03-16', 'COMPLETED', 30, '2026-03-16 12:00+00', '[]');
INSERT INTO intervention_recommendations (id, user_id, intervention_type, description, reasoning, priority, status, related_objective_id, applied_to_mission_id, applied_at, acknowledged_at, created_at) VALUES
    ('i1', 'ann', 'PREREQUISITE_REVIEW', 'd1', 'r1', 9, 'PENDING', 'oann', NULL, NULL, '2026-03-16 12:00+00', '2026-03-15'),
    ('i2', 'ann', 'COGNITIVE_LOAD_REDUCE', 'd', 'r', 8, 'IN_PROGRESS', NULL, 'm2', '2026-03-16 12:00+00', NULL, '2026-03-14'),
    ('i3', 'ann', 'CONTENT_FORMAT_ADAPT', 'd', 'r', 8, 'PENDING', NULL, NULL, NULL, NULL, '2026-03-15'),
    ('i4', 'ann', 'CONTENT_FORMAT_ADAPT', 'd', 'r', 8, 'PENDING', NULL, NULL, NULL, NULL, '2026-03-15'),
    -- completed with a mission that is over a microsecond later; with one that is over
    ('i5', 'ann', 'DIFFICULTY_PROGRESSION', 'd', 'r', 7, 'COMPLETED', NULL, 'm1', '2026-03-10', NULL, '2026-03-09'),
    ('i6', 'ann', 'DIFFICULTY_PROGRESSION', 'd', 'r', 7, 'COMPLETED', NULL, 'm2', '2026-03-10', NULL, '2026-03-08'),
    ('i7', 'ann', 'FOCUS_SESSION', 'd', 'r', 6, 'SKIPPED', NULL, NULL, NULL, NULL, '2026-03-08'),
    -- applied a microsecond later
    ('i8', 'ann', 'FOCUS_SESSION', 'd', 'r', 5, 'FAILED', NULL, 'm2', '2026-03-16 12:00:00.000001+00', '2026-03-16 12:00:00.000001+00', '2026-03-08'),
    -- written a microsecond later; written at the moment
    ('i9', 'ann', 'FOCUS_SESSION', 'd', 'r', 10, 'PENDING', NULL, NULL, NULL, NULL, '2026-03-16 12:00:00.000001+00'),
    ('ia', 'ann', 'FOCUS_SESSION', 'd', 'r', 4, 'PENDING', NULL, NULL, NULL, NULL, '2026-03-16 12:00+00'),
    ('ib', 'bob', 'PREREQUISITE_REVIEW', 'd', 'r', 9, 'PENDING', NULL, NULL, NULL, NULL, '2026-03-15');
INSERT INTO btwin.provenance (user_id, kind, id, method, version, computed_for) VALUES
    ('ann', 'intervention_recommendations', 'i1', 'btwin', 'intervention-1', '2026-03-15'), ('ann', 'missions', 'i2', 'btwin', 'x-1', '2026-03-15');
-- outcomes: of a prerequisite review one without a struggle, counted once though two were applied; of less load two with a struggle, recorded at the
-- moment of the intervention and at the moment asked for; of a new format none that counts: recorded before the intervention, a microsecond too
-- late, after one that was applied too late
INSERT INTO struggle_predictions (id, user_id, learning_objective_id, topic_id, predicted_struggle_probability, prediction_confidence, struggling_factors, prediction_date, predicted_at, actual_outcome, actual_outcome_recorded_at)
SELECT id, user_id, 'o' || user_id, 'k' || user_id, 0.7, 0.5, '{}', '2026-03-03', '2026-02-28', outcome, at
FROM (VALUES ('p1', 'ann', false, timestamptz '2026-03-02'), ('p2', 'ann', true, '2026-03-01'), ('p3', 'ann', true, '2026-03-16 12:00+00'), ('p4', 'ann', false, '2026-02-28 23:59:59.999999+00'),
             ('p5', 'ann', false, '2026-03-16 12:00:00.000001+00'), ('p6', 'ann', false, '2026-03-16 12:00:00.000001+00'), ('p7', 'ann', NULL, NULL), ('pb', 'bob', false, '2026-03-02')) AS v (id, user_id, outcome, at);
INSERT INTO intervention_recommendations (id, user_id, prediction_id, intervention_type, description, reasoning, priority, status, applied_at, created_at)
SELECT id, coalesce(learner, 'ann'), prediction, kind, 'd', 'r', 1, 'COMPLETED', at, created
FROM (VALUES ('e1', NULL, 'p1', 'PREREQUISITE_REVIEW', timestamptz '2026-03-01', timestamptz '2026-02-28 12:00+00'), ('e2', NULL, 'p1', 'PREREQUISITE_REVIEW', '2026-03-01 01:00+00', '2026-02-28 11:00+00'),
             ('e3', NULL, 'p2', 'COGNITIVE_LOAD_REDUCE', '2026-03-01', '2026-02-28 10:00+00'), ('e4', NULL, 'p3', 'COGNITIVE_LOAD_REDUCE', '2026-03-01', '2026-02-28 09:00+00'),
             ('e5', NULL, 'p4', 'CONTENT_FORMAT_ADAPT', '2026-03-01', '2026-02-28 08:00+00'), ('e6', NULL, 'p5', 'CONTENT_FORMAT_ADAPT', '2026-03-01', '2026-02-28 07:00+00'),
             ('e7', NULL, 'p6', 'CONTENT_FORMAT_ADAPT', '2026-03-16 12:00:00.000001+00', '2026-02-28 06:00+00'), ('e8', NULL, 'p7', 'DIFFICULTY_PROGRESSION', '2026-03-01', '2026-02-28 05:00+00'),
             ('eb', 'bob', 'pb', 'PREREQUISITE_REVIEW', '2026-03-01', '2026-02-28')) AS v (id, learner, prediction, kind, at, created);

SELECT is((SELECT string_agg(id || ' ' || status, ', ') FROM btwin_api.interventions('ann', as_of => '2026-03-16 12:00+00')),
          'i1 PENDING, i3 PENDING, i4 PENDING, i2 IN_PROGRESS, i5 IN_PROGRESS, i8 PENDING, ia PENDING, e7 PENDING', 'the open ones of the moment, by priority, the newest first, by id');
SELECT is((SELECT string_agg(id || ' ' || status, ', ') FROM btwin_api.interventions('ann', 'ALL', as_of => '2026-03-16 12:00+00') WHERE priority > 1),
          'i1 PENDING, i3 PENDING, i4 PENDING, i2 IN_PROGRESS, i5 IN_PROGRESS, i6 COMPLETED, i7 SKIPPED, i8 PENDING, ia PENDING', 'all of them');
SELECT is((SELECT string_agg(id || ' ' || status, ', ') FROM btwin_api.interventions('ann', 'ALL', as_of => '2026-03-16 12:00:00.000001+00') WHERE priority > 1),
          'i9 PENDING, i1 PENDING, i3 PENDING, i4 PENDING, i2 IN_PROGRESS, i5 COMPLETED, i6 COMPLETED, i7 SKIPPED, i8 FAILED, ia PENDING', 'a microsecond later');
SELECT is((SELECT string_agg(id || ' ' || status, ', ') FROM btwin_api.interventions('ann', 'ALL', as_of => '2026-03-16 11:59:59.999999+00') WHERE id IN ('i2', 'ia', 'i6')), 'i2 PENDING, i6 IN_PROGRESS', 'and a microsecond before');
SELECT is((SELECT array_agg(s || ': ' || (SELECT string_agg(id, ' ') FROM btwin_api.interventions('ann', s, as_of => '2026-03-16 12:00+00') WHERE priority > 1)) FROM unnest('{PENDING,IN_PROGRESS,COMPLETED,SKIPPED,FAILED}'::text[]) s),
          '{"PENDING: i1 i3 i4 i8 ia","IN_PROGRESS: i2 i5","COMPLETED: i6","SKIPPED: i7",NULL}', 'by state');
SELECT is((SELECT to_jsonb(i) - '{effectiveness_low,effectiveness_high,confidence}'::text[] FROM btwin_api.interventions('ann', as_of => '2026-03-16 12:00+00') i WHERE id = 'i1'),
          '{"id": "i1", "prediction_id": null, "intervention_type": "PREREQUISITE_REVIEW", "description": "d1", "reasoning": "r1", "priority": 9, "status": "PENDING", "related_objective_id": "oann",
            "applied_to_mission_id": null, "applied_at": null, "acknowledged_at": "2026-03-16T12:00:00+00:00", "created_at": "2026-03-15T00:00:00+00:00", "effectiveness": 0.5, "evidence_count": 1,
            "method": "btwin", "version": "intervention-1", "computed_for": "2026-03-15T00:00:00+00:00", "reason": null}'::jsonb, 'a row');
SELECT is((SELECT string_agg(concat_ws(' ', id, applied_to_mission_id, applied_at, acknowledged_at, method, version, computed_for), ', ') FROM btwin_api.interventions('ann', as_of => '2026-03-16 12:00+00') WHERE id IN ('i2', 'i8')),
          'i2 m2 2026-03-16 12:00:00+00 application, i8 application', 'what comes later is not shown yet; rows of the application');
-- Beta(2, 3) and one outcome without a struggle: Beta(3, 3), P(X <= x) = 10 x^3 - 15 x^4 + 6 x^5; and two with one: Beta(2, 5), 1 - (1 - x)^6 - 6 x (1 - x)^5
SELECT is((SELECT array_agg(DISTINCT concat_ws(' ', intervention_type, round(effectiveness::numeric, 6), round(effectiveness_low::numeric, 6), round(effectiveness_high::numeric, 6), round(confidence::numeric, 6), evidence_count, reason))
           FROM btwin_api.interventions('ann', 'ALL', as_of => '2026-03-16 12:00+00')),
          '{"COGNITIVE_LOAD_REDUCE 0.285714 0.043272 0.641235 0.402037 2","CONTENT_FORMAT_ADAPT 0.000000 0 no_outcome","DIFFICULTY_PROGRESSION 0.000000 0 no_outcome","FOCUS_SESSION 0.000000 0 no_outcome","PREREQUISITE_REVIEW 0.500000 0.146633 0.853367 0.293266 1"}', 'effectiveness of a type');
SELECT is((SELECT array_agg(DISTINCT concat_ws(' ', intervention_type, round(effectiveness::numeric, 6), evidence_count, reason)) FROM btwin_api.interventions('ann', 'ALL', as_of => '2026-03-16 12:00:00.000001+00') WHERE intervention_type IN ('CONTENT_FORMAT_ADAPT')),
          '{"CONTENT_FORMAT_ADAPT 0.571429 2"}', 'a microsecond later two count: Beta(4, 3)');
SELECT is((SELECT round(effectiveness::numeric, 6) FROM btwin_api.interventions('ann', 'ALL', as_of => '2026-03-16 11:59:59.999999+00') WHERE id = 'e3'), 0.333333, 'a microsecond before one: Beta(2, 4)');
CREATE FUNCTION pg_temp.walk(page_rows integer) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    seen text[] := '{}';
    page text[];
BEGIN
    LOOP
        page := ARRAY(SELECT id FROM btwin_api.interventions('ann', 'ALL', page_rows, seen[cardinality(seen)], '2026-03-16 12:00+00'));
        EXIT WHEN page = '{}' OR cardinality(seen) > 100;
        seen := seen || page;
    END LOOP;
    RETURN array_to_string(seen, ' ');
END $$;
SELECT is((SELECT array_agg(DISTINCT pg_temp.walk(n)) FROM generate_series(1, 18) n), ARRAY['i1 i3 i4 i2 i5 i6 i7 i8 ia e1 e2 e3 e4 e5 e6 e7 e8'], 'pages of any size make the list');
SELECT is((SELECT string_agg(id, ' ') FROM btwin_api.interventions('ann', 'COMPLETED', 200, 'i8', '2026-03-16 12:00+00')), 'e1 e2 e3 e4 e5 e6 e8', 'after a row that the filter hides');
SELECT is((SELECT array_agg(a || ': ' || pg_temp.refusal('SELECT * FROM btwin_api.interventions(''ann'', ' || a || ')')) FROM unnest(ARRAY[
          'after_id => ''ib''', 'after_id => ''none''', 'max_rows => 0', 'max_rows => 201', 'max_rows => NULL', 'status_is => ''APPLIED''', 'as_of => ''infinity''']) a),
          ARRAY['after_id => ''ib'': PT404 unknown_id', 'after_id => ''none'': PT404 unknown_id', 'max_rows => 0: PT400 out_of_range max_rows', 'max_rows => 201: PT400 out_of_range max_rows',
                'max_rows => NULL: PT400 missing_argument max_rows', 'status_is => ''APPLIED'': PT400 not_allowed_value status_is', 'as_of => ''infinity'': PT400 out_of_range as_of'], 'refusals');
SELECT is((SELECT count(*) FROM btwin_api.interventions('ann', 'ALL', 1, as_of => '2026-03-16 12:00+00')), 1::bigint, 'one row');
SELECT is_empty($$SELECT * FROM btwin_api.interventions('eve', as_of => '2026-03-16 12:00+00')$$, 'none');

-- How good the predictions were. Twenty of mia's, one a day, 0.8 or 0.3 probable:
--   1 to 10:  0.8 and a struggle 4 times, and none twice; 0.3 and none 3 times, and a struggle once
--   11 to 20: 0.8 and a struggle 5 times, and none once; 0.3 and none 4 times
-- tp 9, fp 3, tn 7, fn 1. Squared errors 0.04, 0.64, 0.09, 0.49: sum 0.36 + 1.92 + 0.63 + 0.49 = 3.4, of squares 1.54.
INSERT INTO users (id) SELECT unnest('{mia,max,moe,wim,one,bad,good,slight,near,close,over,under}'::text[]);
INSERT INTO users (id, behavioral_analysis_enabled, include_in_analytics) VALUES ('shy', true, false);
INSERT INTO courses (id, user_id, name) SELECT 'k' || u, u, 'Course' FROM unnest('{mia,max,moe,wim,one,shy,off,bad,good,slight,near,close,over,under}'::text[]) u;
INSERT INTO lectures (id, user_id, course_id, title, file_name, file_url, file_size) SELECT 'v' || u, u, 'k' || u, 't', 'f', 'u', 1 FROM unnest('{mia,max,moe,wim,one,shy,off,bad,good,slight,near,close,over,under}'::text[]) u;
INSERT INTO learning_objectives (id, lecture_id, objective, extracted_by) SELECT 'o' || u, 'v' || u, 'o', 'x' FROM unnest('{mia,max,moe,wim,one,shy,off,bad,good,slight,near,close,over,under}'::text[]) u;
CREATE FUNCTION pg_temp.predict(learner text, number text, p float8, struggled boolean, predicted_for timestamptz, recorded timestamptz DEFAULT '2026-03-01', intervention text DEFAULT NULL) RETURNS void LANGUAGE sql AS $$
INSERT INTO struggle_predictions (id, user_id, learning_objective_id, predicted_struggle_probability, prediction_confidence, struggling_factors, prediction_date, predicted_at, actual_outcome, actual_outcome_recorded_at, intervention_applied, intervention_id)
VALUES (learner || number, learner, 'o' || learner, p, 0.5, '{}', predicted_for, '2026-01-01', struggled, recorded, intervention IS NOT NULL, intervention)
$$;
INSERT INTO intervention_recommendations (id, user_id, intervention_type, description, reasoning, priority, status, applied_at, created_at)
VALUES ('after', 'mia', 'FOCUS_SESSION', 'd', 'r', 1, 'COMPLETED', '2026-03-01 00:00:00.000001+00', '2026-02-01'), ('with', 'mia', 'FOCUS_SESSION', 'd', 'r', 1, 'COMPLETED', '2026-03-01', '2026-02-01');
SELECT pg_temp.predict('mia', n::text, CASE WHEN y IN ('T', 'F') THEN 0.8 ELSE 0.3 END, y IN ('T', 't'), '2026-02-01'::timestamptz + n * interval '1 day', intervention => CASE n WHEN 20 THEN 'after' END)
FROM string_to_table('TTTTFFffftTTTTTFffff', NULL) WITH ORDINALITY AS s (y, n) \g /dev/null
-- what does not count: nine with an intervention, one of them applied as the outcome came, and one whose outcome comes later
SELECT pg_temp.predict('mia', 'i' || n, 0.9, n <= 4, '2026-02-10', intervention => CASE n WHEN 1 THEN 'with' ELSE 'gone' END) FROM generate_series(1, 9) n \g /dev/null
SELECT pg_temp.predict('mia', 'late', 0.9, false, '2026-02-10', '2026-03-16 12:00:00.000001+00') \g /dev/null
INSERT INTO btwin.provenance (user_id, kind, id, method, version, computed_for) SELECT 'mia', 'struggle_predictions', 'mia' || n, 'btwin', 'struggle-1', '2026-01-01' FROM generate_series(1, 9) n;
CREATE TEMP TABLE quality AS SELECT btwin_api.model_performance('mia', as_of => '2026-03-16 12:00+00') AS d;
SELECT is((SELECT d ->> 'n' FROM quality), '20', 'outcomes by then, without an intervention');
SELECT is((SELECT d -> 'confusion_matrix' FROM quality), '{"true_positive": 9, "false_positive": 3, "true_negative": 7, "false_negative": 1}'::jsonb, 'right and wrong');
-- Jeffreys: quantiles of Beta(k + 1/2, n - k + 1/2)
SELECT is((SELECT pg_temp.shown(d -> 'accuracy') FROM quality), '0.80000 0.59177 0.92848 0.66329 20', 'accuracy 16/20');
SELECT is((SELECT pg_temp.shown(d -> 'precision') FROM quality), '0.75000 0.47081 0.92406 0.54675 12', 'precision 9/12');
SELECT is((SELECT pg_temp.shown(d -> 'recall') FROM quality), '0.90000 0.61869 0.98899 0.62970 10', 'recall 9/10');
SELECT is((SELECT pg_temp.shown(d -> 'f1') FROM quality), '0.81818 0.59449 0.93958 0.65490 13', 'F1 18/22, through 9/13');
-- pairs: 9 * 7 in the right order, 9 * 3 + 1 * 7 ties: (63 + 17) / 100; Q1 = 2/3, Q2 = 1.28/1.8, variance (0.16 + 9 (Q1 - 0.64) + 9 (Q2 - 0.64)) / 100
SELECT is((SELECT pg_temp.shown(d -> 'auc') FROM quality), '0.80000 0.53421 0.93311 0.60110 20', 'area under the curve');
-- 3.4/20; variance (1.54 - 20 * 0.17^2) / 19
SELECT is((SELECT pg_temp.shown(d -> 'brier') FROM quality), '0.17000 0.07138 0.26862 0.80277 20', 'Brier score');
-- bins 0.8: 12 rows, 9 struggles; 0.3: 8 rows, 1: (12 * 0.05 + 8 * 0.175) / 20; noise (sqrt(2/pi 12 0.16) + sqrt(2/pi 8 0.21)) / 20
SELECT is((SELECT pg_temp.shown(d -> 'ece') || (d #>> '{ece,reasons,0}') FROM quality), '0.10000 - - 0.89301 20perfect probabilities would show 0.107 on average', 'calibration error');
SELECT is((SELECT string_agg(concat_ws(' ', b ->> 'bin_low', b ->> 'bin_high', b ->> 'count', round((b ->> 'mean_predicted')::numeric, 6), round((b ->> 'observed_rate')::numeric, 6)), ', ') FROM quality, jsonb_array_elements(d -> 'calibration') b),
          '0 0.1 0, 0.1 0.2 0, 0.2 0.3 0, 0.3 0.4 8 0.300000 0.125000, 0.4 0.5 0, 0.5 0.6 0, 0.6 0.7 0, 0.7 0.8 0, 0.8 0.9 12 0.800000 0.750000, 0.9 1 0', 'ten bins');
SELECT is((SELECT concat_ws(' ', round((d ->> 'false_positive_rate')::numeric, 6), round((d ->> 'false_negative_rate')::numeric, 6)) FROM quality), '0.300000 0.100000', 'of ten who did not struggle, of ten who did');
-- Brier 2.2/10 and 1.2/10, variances 0.606/9 and 0.306/9: t = -0.9934 with 16.24 degrees of freedom
SELECT is((SELECT concat_ws(' ', d #>> '{trend,direction}', round((d #>> '{trend,brier_change}')::numeric, 6), round((d #>> '{trend,p_value}')::numeric, 6)) FROM quality), 'STABLE -0.100000 0.335085', 'the later half against the earlier');
-- the application's: 10 to 20: (0.49 + 1.2) / 11; pairs of 6 and 5: 20 + (5 + 4)/2 of 30
SELECT is((SELECT string_agg(concat_ws(' ', m ->> 'method', m ->> 'version', m ->> 'n', round((m ->> 'brier')::numeric, 6), round((m ->> 'auc')::numeric, 6)), ', ') FROM quality, jsonb_array_elements(d -> 'by_model') m),
          'application 11 0.153636 0.816667, btwin struggle-1 9', 'by model, numbers from ten rows on');
SELECT is((SELECT d -> 'with_intervention' FROM quality), '{"n": 9, "observed_rate": null}'::jsonb, 'nine with an intervention are too few');
SELECT pg_temp.predict('mia', 'i10', 0.9, false, '2026-02-10', '2026-03-16 12:00+00', 'gone') \g /dev/null
SELECT is((SELECT d - 'with_intervention' = btwin_api.model_performance('mia', as_of => '2026-03-16 12:00+00') - 'with_intervention' FROM quality), true, 'an intervention changes none of the measures');
SELECT is(btwin_api.model_performance('mia', as_of => '2026-03-16 12:00+00') -> 'with_intervention', '{"n": 10, "observed_rate": 0.4}'::jsonb, 'four of ten struggled in spite of one');
SELECT is((SELECT array_agg(concat_ws(' ', d #>> ARRAY[k, 'method'], d #>> ARRAY[k, 'version'], d #>> ARRAY[k, 'computed_for'], d #>> ARRAY[k, 'reasons'])) FROM quality, unnest('{accuracy,auc,f1,brier}'::text[]) k),
          ARRAY['btwin evaluation-1 2026-03-16T12:00:00+00:00 ["16 of 20 predictions were right"]', 'btwin evaluation-1 2026-03-16T12:00:00+00:00 ["10 struggles against 10 others"]',
                'btwin evaluation-1 2026-03-16T12:00:00+00:00 ["9 of 13 predicted or real struggles were both"]', 'btwin evaluation-1 2026-03-16T12:00:00+00:00 ["mean squared error; 0.25 is what 0.5 for all would get"]'], 'by which rule, of what');
-- predicted is from 0.5
UPDATE struggle_predictions SET predicted_struggle_probability = 0.5 WHERE id IN ('mia1', 'mia5');
UPDATE struggle_predictions SET predicted_struggle_probability = 0.4999 WHERE id IN ('mia7', 'mia10');
SELECT is(btwin_api.model_performance('mia', as_of => '2026-03-16 12:00+00') -> 'confusion_matrix', '{"true_positive": 9, "false_positive": 3, "true_negative": 7, "false_negative": 1}'::jsonb, 'the border');

-- max: ten wrong, then ten right; moe the other way. The halves differ by 0.7 with a spread of 0.09 and 0.015.
SELECT pg_temp.predict('max', n::text, CASE WHEN n % 2 = 0 THEN 0.9 ELSE 0.8 END, n > 10, '2026-02-01'::timestamptz + n * interval '1 day') FROM generate_series(1, 20) n \g /dev/null
SELECT pg_temp.predict('moe', n::text, CASE WHEN n % 2 = 0 THEN 0.9 ELSE 0.8 END, n <= 10, '2026-02-01'::timestamptz + n * interval '1 day') FROM generate_series(1, 20) n \g /dev/null
SELECT is((SELECT array_agg(concat_ws(' ', t ->> 'direction', round((t ->> 'brier_change')::numeric, 6), (t ->> 'p_value')::float8 < 1e-6))
           FROM unnest('{max,moe}'::text[]) u, LATERAL (SELECT btwin_api.model_performance(u, as_of => '2026-03-16 12:00+00') -> 'trend') AS q (t)), '{"IMPROVING -0.700000 t","DEGRADING 0.700000 t"}', 'a change that is none of chance');
SELECT is(pg_temp.shown(btwin_api.model_performance('max', as_of => '2026-03-16 12:00+00') -> 'recall'), '1.00000 0.78280 1.00000 0.78280 10', 'closed where all are right');
SELECT is(btwin_api.model_performance('max', as_of => '2026-03-16 12:00+00') ->> 'false_positive_rate', '1', 'all who did not struggle were predicted to');
DELETE FROM struggle_predictions WHERE id = 'max20';
SELECT is(btwin_api.model_performance('max', as_of => '2026-03-16 12:00+00') -> 'trend', 'null'::jsonb, 'no trend below twenty');
-- all alike: one half of one probability against another has no spread, so no test; AUC needs both outcomes; a share of nothing is none
SELECT pg_temp.predict('one', n::text, CASE WHEN n > 10 THEN 0.2 ELSE 0.1 END, false, '2026-02-01'::timestamptz + n * interval '1 day') FROM generate_series(1, 20) n \g /dev/null
CREATE TEMP TABLE alike AS SELECT btwin_api.model_performance('one', as_of => '2026-03-16 12:00+00') AS d;
SELECT is((SELECT array_agg(pg_temp.shown(d -> k)) FROM alike, unnest('{accuracy,precision,recall,f1,auc}'::text[]) k),
          '{"1.00000 0.88336 1.00000 0.88336 20","- - - 0.00000 0 no_rows","- - - 0.00000 0 no_rows","- - - 0.00000 0 no_rows","- - - 0.00000 20 zero_variance"}', 'without a struggle');
SELECT is((SELECT concat_ws(' ', d #>> '{trend,direction}', round((d #>> '{trend,brier_change}')::numeric, 6), coalesce(d #>> '{trend,p_value}', '-'), coalesce(d ->> 'false_negative_rate', '-'), d ->> 'false_positive_rate') FROM alike),
          'STABLE 0.030000 - - 0', 'no test without a spread, no rate of nobody');

SELECT is((SELECT array_agg(d #>> ARRAY[k, 'reasons']) FROM alike, unnest('{accuracy,precision,recall,f1,auc}'::text[]) k), ARRAY['["20 of 20 predictions were right"]', '[]', '[]', '[]', '[]'], 'nothing is said of what there is none of');

-- Beta(1/2, 10 1/2); of one row Beta(3/2, 1/2), of which P(X <= x) = (u - sin u) / pi with x = (1 - cos u) / 2: u = 0.786246 for 0.025
SELECT is((SELECT array_agg(concat_ws(' ', value, round(low::numeric, 5), round(high::numeric, 5)) ORDER BY n) FROM (VALUES (1, 0, 10), (2, 10, 10), (3, 0, 0), (4, 1, 1)) AS v (n, k, of), btwin._jeffreys(k, of)), '{"0 0.00000 0.21720","1 0.78280 1.00000","","1 0.14675 1.00000"}', 'a share of none, of all, of nothing, of one');

-- periods of a learner in New York, whose clocks went forward on 8 March: a month before 08:00 there is 2026-02-16 13:00 in UTC
INSERT INTO btwin.learner (user_id, time_zone) VALUES ('wim', 'America/New_York');
SELECT pg_temp.predict('wim', n::text, 0.9, true, at, '2026-03-16 12:00+00')
FROM (SELECT n, timestamptz '2026-03-09 12:00+00' FROM generate_series(1, 9) n UNION ALL
      VALUES (10, timestamptz '2026-03-09 11:59:59.999999+00'), (11, '2026-02-16 13:00+00'), (12, '2026-02-16 12:59:59.999999+00'), (13, '2026-04-16 11:59:59.999999+00'), (14, '2026-04-16 12:00+00'), (15, '2000-01-01'), (16, '1999-12-31')) AS v (n, at) \g /dev/null
SELECT is((SELECT array_agg(p || ' ' || (btwin_api.model_performance('wim', period => p, as_of => '2026-03-16 12:00+00') ->> 'n')) FROM unnest('{week,month,all}'::text[]) p), '{"week 10","month 12","all 14"}', 'a week, a month of the learner''s clock, all');
SELECT is(btwin_api.model_performance('wim', period => 'week', as_of => '2026-03-16 12:00+00') #>> '{accuracy,value}', '1', 'ten are enough');
DELETE FROM struggle_predictions WHERE id = 'wim13';
SELECT is((SELECT array_agg(coalesce(d #>> ARRAY[k, 'value'], '-') || ' ' || (d #>> ARRAY[k, 'reason'])) || ARRAY[d ->> 'n', d ->> 'trend', d ->> 'by_model', d ->> 'calibration', d #>> '{confusion_matrix,true_positive}', d ->> 'false_negative_rate']
           FROM (SELECT btwin_api.model_performance('wim', period => 'week', as_of => '2026-03-16 12:00+00')) AS q (d), unnest('{accuracy,precision,recall,f1,auc,brier,ece}'::text[]) k GROUP BY d),
          '{"- insufficient_data","- insufficient_data","- insufficient_data","- insufficient_data","- insufficient_data","- insufficient_data","- insufficient_data",9,NULL,[],[],NULL,NULL}', 'nine are not');
SELECT is((SELECT array_agg(concat_ws(' ', d #>> ARRAY[k, 'confidence'], d #>> ARRAY[k, 'evidence_count'], d #>> ARRAY[k, 'reasons'])) FROM btwin_api.model_performance('wim', period => 'week', as_of => '2026-03-16 12:00+00') AS d, unnest('{accuracy,precision,recall,f1,auc,brier,ece}'::text[]) k),
          array_fill('0 0 []'::text, ARRAY[7]), 'and nothing is made of them');
SELECT is((SELECT jsonb_object_agg(k, 1) FROM jsonb_object_keys(btwin_api.model_performance('eve', as_of => '2026-03-16 12:00+00')) k), (SELECT jsonb_object_agg(k, 1) FROM quality, jsonb_object_keys(d) k), 'every key is there of nothing');
SELECT is(btwin_api.model_performance('eve', as_of => '2026-03-16 12:00+00') -> 'n', '0'::jsonb, 'nothing');

-- everybody who is analysed and counted: of ann 3 by the moment, bob 1, mia 20 and 10 treated, max 19, moe 20, one 20, wim 13 and three that are too old or too far
SELECT pg_temp.predict('shy', n::text, 0.9, true, '2026-02-10') FROM generate_series(1, 10) n \g /dev/null
SELECT pg_temp.predict('off', n::text, 0.9, true, '2026-02-10') FROM generate_series(1, 10) n \g /dev/null
SELECT is((SELECT concat_ws(' ', d ->> 'n', d #>> '{with_intervention,n}') FROM btwin_api.model_performance(all_learners => true, as_of => '2026-03-16 12:00+00') AS d),
          ((SELECT count(*) FROM struggle_predictions WHERE user_id IN ('ann', 'bob', 'mia', 'max', 'moe', 'one', 'wim') AND actual_outcome_recorded_at <= '2026-03-16 12:00+00'
                   AND prediction_date BETWEEN '2000-01-01' AND '2026-04-16 11:59:59.999999+00') - 10) || ' 10', 'all learners');
SELECT is((SELECT d ->> 'n' FROM btwin_api.model_performance('wim', true, 'week', as_of => '2026-03-16 12:00+00') AS d), '9', 'of the last week only wim''s');
SELECT is((SELECT (btwin_api.model_performance(all_learners => true, period => 'month', as_of => '2026-03-16 12:00+00') ->> 'n')::int
                  - (SELECT count(*)::int FROM struggle_predictions WHERE user_id IN ('ann', 'bob', 'mia', 'max', 'moe', 'one') AND NOT intervention_applied AND actual_outcome_recorded_at <= '2026-03-16 12:00+00' AND prediction_date >= '2026-02-16 12:00+00')
                  - (SELECT count(*)::int FROM struggle_predictions WHERE id = 'mia20' AND prediction_date >= '2026-02-16 12:00+00')), 12, 'a month in UTC');
CREATE ROLE regress_intervention_learner;
GRANT USAGE ON SCHEMA btwin, btwin_api TO regress_intervention_learner;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA btwin_api TO regress_intervention_learner;
GRANT SELECT ON btwin.access, btwin.users, users TO regress_intervention_learner;
SET btwin.user_id = 'mia';
SET ROLE regress_intervention_learner;
SELECT pg_temp.refusal('SELECT btwin_api.model_performance(all_learners => true)') AS refused \gset
RESET ROLE;
RESET btwin.user_id;
DROP OWNED BY regress_intervention_learner;
DROP ROLE regress_intervention_learner;
SELECT is(:'refused'::text, 'PT403 service_only all_learners', 'that is for services');
SELECT is((SELECT array_agg(a || ': ' || pg_temp.refusal('SELECT * FROM btwin_api.model_performance(''mia'', ' || a || ')')) FROM unnest('{all_learners => NULL,period => NULL,period => ''day'',as_of => ''infinity''}'::text[]) a),
          ARRAY['all_learners => NULL: PT400 missing_argument all_learners', 'period => NULL: PT400 missing_argument period', 'period => ''day'': PT400 not_allowed_value period', 'as_of => ''infinity'': PT400 out_of_range as_of'], 'refusals');

-- what has an end. Nine were sure of a struggle that did not come, the one that came was thought as likely as not: squared errors 9 times 1, and 0.25: mean 0.925, variance 0.05625:
-- 0.925 +- 1.96 * sqrt(0.05625 / 10), where 1 is the largest mean. Every pair is in the wrong order: no interval on log odds.
SELECT pg_temp.predict('bad', n::text, CASE n WHEN 10 THEN 0.5 ELSE 1 END, n = 10, '2026-02-01'::timestamptz + n * interval '1 day') FROM generate_series(1, 10) n \g /dev/null
SELECT is((SELECT array_agg(pg_temp.shown(d -> k)) FROM btwin_api.model_performance('bad', as_of => '2026-03-16 12:00+00') AS d, unnest('{brier,auc}'::text[]) k), '{"0.92500 0.77800 1.00000 0.77800 10","0.00000 - - 0.00000 10"}', 'as wrong as can be');
-- the other way round: squared errors nine times 0, and 0.25: mean 0.025, variance 0.00625: 0.025 +- 1.96 * 0.025, where 0 is the least
SELECT pg_temp.predict('good', n::text, CASE n WHEN 10 THEN 0.5 ELSE 0 END, n = 10, '2026-02-01'::timestamptz + n * interval '1 day') FROM generate_series(1, 10) n \g /dev/null
SELECT is((SELECT array_agg(pg_temp.shown(d -> k)) FROM btwin_api.model_performance('good', as_of => '2026-03-16 12:00+00') AS d, unnest('{brier,auc}'::text[]) k), '{"0.02500 0.00000 0.07400 0.92600 10","1.00000 - - 0.00000 10"}', 'as right as can be');
-- squared errors that differ by 2e-8 within a half and by 4e-8 between them: a standard error of 4.7e-9 is one, t = 8.5
SELECT pg_temp.predict('slight', n::text, 0.1 + 1e-7 * (n % 2 + CASE WHEN n > 10 THEN 2 ELSE 0 END), false, '2026-02-01'::timestamptz + n * interval '1 day') FROM generate_series(1, 20) n \g /dev/null
SELECT is((SELECT concat_ws(' ', t ->> 'direction', round((t ->> 'brier_change')::numeric, 9), (t ->> 'p_value')::float8 < 1e-6) FROM (SELECT btwin_api.model_performance('slight', as_of => '2026-03-16 12:00+00') -> 'trend') AS q (t)), 'DEGRADING 0.000000040 t', 'a small spread is one');
-- squared errors of the first half 0.04 and 0.16 in turn: mean 0.1, variance 0.004. Of the second 0.0992880 and 0.2193049: 0.0592965 more, variance 0.0040011; t = 2.09630 with 18 degrees of
-- freedom, where 2.10092 is the limit of 0.05. Or 0.1024 and 0.2116: 0.057 more, variance 0.0033125; t = 2.10788 with 17.84, where 2.10232 is. Each both ways round.
SELECT pg_temp.predict(u, n::text, CASE WHEN n <= 10 THEN first[n % 2 + 1] ELSE later[n % 2 + 1] END, false, '2026-02-01'::timestamptz + n * interval '1 day')
FROM (VALUES ('near', '{0.2,0.4}'::float8[], '{0.3151,0.4683}'::float8[]), ('close', '{0.3151,0.4683}', '{0.2,0.4}'), ('over', '{0.2,0.4}', '{0.32,0.46}'), ('under', '{0.32,0.46}', '{0.2,0.4}')) AS v (u, first, later), generate_series(1, 20) n \g /dev/null
SELECT is((SELECT array_agg(concat_ws(' ', u, t ->> 'direction', round((t ->> 'brier_change')::numeric, 6), round((t ->> 'p_value')::numeric, 5)))
           FROM unnest('{near,close,over,under}'::text[]) u, LATERAL (SELECT btwin_api.model_performance(u, as_of => '2026-03-16 12:00+00') -> 'trend') AS q (t)),
          '{"near STABLE 0.059296 0.05045","close STABLE -0.059296 0.05045","over DEGRADING 0.057000 0.04945","under IMPROVING -0.057000 0.04945"}', 'on both sides of 0.05');

-- identity, and where it must run
SELECT is((SELECT array_agg(DISTINCT pg_temp.refusal(format('SELECT * FROM btwin_api.%s(%L)', f, 'off'))) FROM unnest('{interventions,model_performance}'::text[]) f), '{PT403 analysis_disabled}', 'analysis switched off');
SELECT is((SELECT array_agg(DISTINCT pg_temp.refusal(format('SELECT * FROM btwin_api.%s(%L)', f, 'nobody'))) FROM unnest('{interventions,model_performance}'::text[]) f), '{PT404 unknown_learner user_id}', 'an unknown learner');
SELECT is((SELECT array_agg(DISTINCT pg_temp.refusal(format('SELECT * FROM btwin_api.%s()', f))) FROM unnest('{interventions,model_performance}'::text[]) f), '{PT400 user_required user_id}', 'nobody named');
SET btwin.user_id = 'mia';
SET search_path = '';
SET default_transaction_read_only = on;
SELECT pg_catalog.count(*) AS listed FROM btwin_api.interventions(status_is => 'ALL', as_of => '2026-03-16 12:00+00') \gset
SELECT btwin_api.model_performance(as_of => '2026-03-16 12:00+00') ->> 'n' AS counted \gset
SELECT btwin_api.model_performance(all_learners => true, as_of => '2026-03-16 12:00+00') ->> 'trend' IS NOT NULL AS all_counted \gset
RESET default_transaction_read_only;
RESET search_path;
RESET btwin.user_id;
SELECT is(:'listed'::text, '2', 'the caller''s own, without a path and read-only');
SELECT is(:'counted'::text, '20', 'the measures too');
SELECT is(:'all_counted'::text, 't', 'and those of all learners');
SELECT * FROM finish();
