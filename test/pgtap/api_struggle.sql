-- Predicted struggles as an application sees them: the list, its counts, alerts.
\set QUIET on
SET client_min_messages = warning;
SET DateStyle = 'ISO, YMD';
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS btwin;
SELECT plan(66);
SET timezone = 'UTC';

\ir api_helpers.psql
SELECT is(pg_temp.refusal($$SELECT * FROM btwin_api.predictions('ann')$$), 'PT400 not_attached', 'before attach');
CREATE TEMP TABLE attached AS SELECT * FROM btwin.attach('public');
SELECT count(*) FROM attached \g /dev/null

-- The moment is 2026-03-16 12:00 in UTC, a Monday. A microsecond is what separates "by then" from "later".
INSERT INTO users (id, behavioral_analysis_enabled) VALUES ('ann', true), ('bob', true), ('eve', true), ('off', false);
INSERT INTO courses (id, user_id, name) VALUES ('k1', 'ann', 'Anatomy'), ('k2', 'ann', 'Biology'), ('kb', 'bob', 'Botany');
INSERT INTO lectures (id, user_id, course_id, title, file_name, file_url, file_size)
VALUES ('v1', 'ann', 'k1', 't', 'f', 'u', 1), ('v2', 'ann', 'k2', 't', 'f', 'u', 1), ('vb', 'bob', 'kb', 't', 'f', 'u', 1);
INSERT INTO learning_objectives (id, lecture_id, objective, extracted_by)
VALUES ('o1', 'v1', 'Heart', 'x'), ('o2', 'v1', 'Lung', 'x'), ('o3', 'v2', 'Cell', 'x'), ('ob', 'vb', 'Moss', 'x');
INSERT INTO intervention_recommendations (id, user_id, intervention_type, description, reasoning, priority, status, applied_at, created_at)
VALUES ('r1', 'ann', 'PREREQUISITE_REVIEW', 'd', 'r', 9, 'IN_PROGRESS', '2026-03-16 12:00+00', '2026-03-15'),
       ('r2', 'ann', 'PREREQUISITE_REVIEW', 'd', 'r', 9, 'IN_PROGRESS', '2026-03-16 12:00:00.000001+00', '2026-03-15');
-- one row that no check of an adopted table holds off
ALTER TABLE struggle_predictions DROP CONSTRAINT struggle_predictions_predicted_struggle_probability_check, DROP CONSTRAINT struggle_predictions_prediction_confidence_check;
INSERT INTO struggle_predictions (id, user_id, learning_objective_id, topic_id, predicted_struggle_probability, prediction_confidence, prediction_status, feature_vector,
    struggling_factors, prediction_date, predicted_at, acknowledged_at, actual_outcome, actual_outcome_recorded_at, intervention_applied, intervention_id) VALUES
    ('a1', 'ann', 'o1', 'k1', 0.8, 0.6, 'PENDING', '{"retentionScore": 0.2, "workload_level": 1.5, "daysUntilExam": "x", "validation_score": 1, "prerequisiteGapCount": 0, "other": 1}',
        '{}', '2026-03-18', '2026-03-15', '2026-03-16 12:00+00', NULL, NULL, true, 'r1'),
    ('a2', 'ann', 'o2', NULL, 0.5, 0.5, 'PENDING', NULL, '{"reasoning": "because"}', '2026-03-17', '2026-03-16 12:00+00', NULL, NULL, NULL, true, 'gone'),
    ('a2b', 'ann', 'o2', 'k1', 0.5, 1.005, 'PENDING', NULL, '[]', '2026-03-17', '2026-03-15', NULL, NULL, NULL, false, NULL),
    -- decided at the moment
    ('a3', 'ann', 'o3', 'k2', 0.6, 0.5, 'CONFIRMED', (SELECT jsonb_object_agg(feature, 1.005) FROM btwin.struggle_features()), '{}', '2026-03-11', '2026-03-08', NULL, true, '2026-03-16 12:00+00', false, NULL),
    -- the reference writes CONFIRMED for what was neither predicted nor so
    ('a4', 'ann', 'o3', 'k2', 0.4999, 0.5, 'CONFIRMED', NULL, '{}', '2026-03-09', '2026-03-08', NULL, true, '2026-03-10', false, NULL),
    ('a6', 'ann', 'o2', 'k1', 0.3, 0.5, 'CONFIRMED', NULL, '{}', '2026-03-10', '2026-03-08', NULL, false, '2026-03-10', false, NULL),
    -- decided a microsecond later
    ('a5', 'ann', 'o1', 'k1', 0.7, 0.5, 'FALSE_POSITIVE', NULL, '{}', '2026-03-18', '2026-03-15', '2026-03-16 12:00:00.000001+00', false, '2026-03-16 12:00:00.000001+00', true, 'r2'),
    ('a7', 'ann', 'o3', 'k2', 0.9, 0.5, 'DISMISSED', NULL, '{}', '2026-03-12', '2026-03-08', NULL, NULL, '2026-03-17', false, NULL),
    ('a8', 'ann', 'o3', 'gone', 0.9, 0.5, 'PENDING', NULL, '{}', '2026-03-18', '2026-03-16 12:00:00.000001+00', NULL, NULL, NULL, false, NULL),
    -- worked out three times: 0.55, 0.72 at the moment, 0.9 an hour later
    ('a9', 'ann', 'o1', 'k1', 0.9, 0.9, 'PENDING', '{}', '{"reasoning": "later"}', '2026-03-21', '2026-03-16 13:00+00', NULL, NULL, NULL, false, NULL),
    -- worked out for the first time a microsecond later, whatever its own columns say
    ('aa', 'ann', 'o1', 'k1', 0.9, 0.9, 'PENDING', NULL, '{}', '2026-03-18', '2026-03-10', NULL, NULL, NULL, false, NULL),
    ('ab', 'ann', 'o1', 'k1', 1.5, 0.9, 'PENDING', NULL, '{}', '2026-03-18', '2026-03-10', NULL, NULL, NULL, false, NULL),
    ('ac', 'ann', 'o1', 'k1', 'NaN', 0.9, 'PENDING', NULL, '{}', '2026-03-18', '2026-03-10', NULL, NULL, NULL, false, NULL),
    ('ad', 'ann', 'o1', 'k1', -0.1, 0.9, 'PENDING', NULL, '{}', '2026-03-18', '2026-03-10', NULL, NULL, NULL, false, NULL),
    ('b1', 'bob', 'ob', 'kb', 0.8, 0.6, 'PENDING', NULL, '{}', '2026-03-18', '2026-03-15', NULL, NULL, NULL, false, NULL);
INSERT INTO btwin.prediction_history (user_id, prediction_id, computed_for, probability, low, high, confidence, prediction_date, feature_vector, method, version) VALUES
    ('ann', 'a9', '2026-03-14', 0.55, 0.3, 0.8, 0.5, '2026-03-19', NULL, 'btwin', 'struggle-1'),
    ('ann', 'a9', '2026-03-16 12:00+00', 0.72, 0.5, 0.9, 0.6, '2026-03-20', btwin._feature_document(btwin.struggle_vector(retention_score => 0.25)), 'btwin', 'struggle-1'),
    ('ann', 'a9', '2026-03-16 13:00+00', 0.9, 0.7, 0.95, 0.75, '2026-03-21', '{"retention_score": 0.1}', 'epic5', 'epic5-1'),
    ('ann', 'aa', '2026-03-16 12:00:00.000001+00', 0.9, NULL, NULL, NULL, '2026-03-18', NULL, 'btwin', 'struggle-1');
INSERT INTO btwin.provenance (user_id, kind, id, method, version, computed_for, evidence_count, low, high) VALUES
    ('ann', 'struggle_predictions', 'a9', 'epic5', 'epic5-1', '2026-03-16 13:00+00', 40, 0.7, 0.95),
    -- the key of another table's row
    ('ann', 'missions', 'a1', 'btwin', 'x-1', '2026-03-15', 1, 0.1, 0.2),
    ('ann', 'struggle_predictions', 'a2b', 'btwin', 'struggle-1', '2026-03-15', 12, 0.25, 0.75);
INSERT INTO struggle_indicators (id, user_id, learning_objective_id, prediction_id, indicator_type, severity, context, detected_at) VALUES
    ('i1', 'ann', 'o1', 'a1', 'LOW_RETENTION', 'MEDIUM', NULL, '2026-03-15'), ('i2', 'ann', 'o1', 'a1', 'LOW_RETENTION', 'HIGH', '{"value": 0.2}', '2026-03-16'),
    ('i0', 'ann', 'o1', 'a1', 'LOW_RETENTION', 'LOW', NULL, '2026-03-16'), ('i3', 'ann', 'o1', 'a1', 'PREREQUISITE_GAP', 'LOW', NULL, '2026-03-15'), ('i4', 'ann', 'o1', 'a1', 'COGNITIVE_OVERLOAD', 'CRITICAL', NULL, '2026-03-16 12:00+00'),
    ('i5', 'ann', 'o1', 'a1', 'COMPLEXITY_MISMATCH', 'HIGH', NULL, '2026-03-16 12:00:00.000001+00'), ('i6', 'bob', 'ob', 'b1', 'LOW_RETENTION', 'HIGH', NULL, '2026-03-15');

-- from 0.5, by day, the more probable first (a1 0.8 before a5 0.7), then by id (a2 before a2b); a4 and a6 lie below, a8 and aa come later,
-- ab, ac and ad are no probabilities
SELECT is((SELECT string_agg(id, ' ') FROM btwin_api.predictions('ann', as_of => '2026-03-16 12:00+00')), 'a3 a7 a2 a2b a1 a5 a9', 'listed from 0.5 in their order');
SELECT is((SELECT string_agg(id, ' ') FROM btwin_api.predictions('ann', min_probability => 0, as_of => '2026-03-16 12:00+00')), 'a4 a6 a3 a7 a2 a2b a1 a5 a9', 'from 0');
SELECT is((SELECT string_agg(id, ' ') FROM btwin_api.predictions('ann', min_probability => 0.7, as_of => '2026-03-16 12:00+00')), 'a7 a1 a5 a9', 'from 0.7: equal counts, and the value of the moment');
SELECT is((SELECT string_agg(id, ' ') FROM btwin_api.predictions('ann', min_probability => 0.73, as_of => '2026-03-16 12:00+00')), 'a7 a1', 'a9 was 0.72 then');
SELECT is((SELECT string_agg(id, ' ') FROM btwin_api.predictions('ann', min_probability => 0.73, as_of => '2026-03-16 13:00+00')), 'a7 a8 aa a1 a9', 'an hour later 0.9, and two more are known');
SELECT is((SELECT string_agg(id, ' ') FROM btwin_api.predictions('ann', min_probability => 0, as_of => '2026-03-16 11:59:59.999999+00')), 'a4 a6 a3 a7 a2b a1 a5 a9', 'a microsecond before, a2 was not written yet');
SELECT is((SELECT predicted_struggle_probability FROM btwin_api.predictions('ann', as_of => '2026-03-16 11:59:59.999999+00') WHERE id = 'a9'), 0.55::float8, 'and a9 was 0.55');
SELECT is((SELECT string_agg(id, ' ') FROM btwin_api.predictions('ann', min_probability => 0, as_of => '2026-03-13 23:59:59.999999+00')), 'a4 a6 a3 a7', 'before its first value a9 did not exist');
SELECT is((SELECT string_agg(id || ' ' || prediction_status, ', ') FROM btwin_api.predictions('ann', min_probability => 0, as_of => '2026-03-16 12:00+00')),
          'a4 MISSED, a6 RESOLVED, a3 CONFIRMED, a7 DISMISSED, a2 PENDING, a2b PENDING, a1 PENDING, a5 PENDING, a9 PENDING', 'states of the moment, four after an outcome');
SELECT is((SELECT string_agg(id || ' ' || prediction_status, ', ') FROM btwin_api.predictions('ann', min_probability => 0.6, as_of => '2026-03-16 12:00:00.000001+00') WHERE id IN ('a3', 'a5')),
          'a3 CONFIRMED, a5 FALSE_POSITIVE', 'a5 is decided a microsecond later');
SELECT is((SELECT string_agg(id || ' ' || prediction_status || ' ' || coalesce(actual_outcome::text, '-') || coalesce(actual_outcome_recorded_at::text, '-'), ', ')
           FROM btwin_api.predictions('ann', min_probability => 0, as_of => '2026-03-16 11:59:59.999999+00') WHERE id IN ('a3', 'a4')),
          'a4 MISSED true2026-03-10 00:00:00+00, a3 PENDING --', 'and a3 was open a microsecond before');
UPDATE struggle_predictions SET predicted_struggle_probability = 0.5 WHERE id IN ('a4', 'a6');
SELECT is((SELECT string_agg(id || ' ' || prediction_status, ', ') FROM btwin_api.predictions('ann', as_of => '2026-03-16 12:00+00') WHERE id IN ('a4', 'a6')),
          'a4 CONFIRMED, a6 FALSE_POSITIVE', 'predicted is from 0.5');
UPDATE struggle_predictions SET predicted_struggle_probability = CASE id WHEN 'a4' THEN 0.4999 ELSE 0.3 END WHERE id IN ('a4', 'a6');
UPDATE struggle_predictions SET actual_outcome_recorded_at = NULL WHERE id = 'a4';
SELECT is((SELECT prediction_status || coalesce(actual_outcome::text, ' -') FROM btwin_api.predictions('ann', min_probability => 0, as_of => '2026-03-16 12:00+00') WHERE id = 'a4'),
          'CONFIRMED -', 'a state without a time stands as it is, an outcome without one is not known');
UPDATE struggle_predictions SET actual_outcome_recorded_at = '2026-03-10' WHERE id = 'a4';
UPDATE struggle_predictions SET actual_outcome = NULL WHERE id = 'a3';
SELECT is((SELECT array_agg(prediction_status) FROM unnest('{2026-03-16 11:59:59.999999+00,2026-03-16 12:00+00}'::timestamptz[]) m, btwin_api.predictions('ann', as_of => m) WHERE id = 'a3'),
          '{PENDING,CONFIRMED}', 'so does a state without an outcome, from its time on');
UPDATE struggle_predictions SET actual_outcome = true WHERE id = 'a3';

SELECT is((SELECT concat_ws(' ', actual_outcome, actual_outcome_recorded_at) FROM btwin_api.predictions('ann', as_of => '2026-03-16 12:00+00') WHERE id = 'a3'), 't 2026-03-16 12:00:00+00', 'an outcome of the moment');
-- the columns of a row of the application
SELECT is((SELECT jsonb_build_object('o', learning_objective_id, 'on', objective_name, 't', topic_id, 'c', course_name, 'd', prediction_date, 'w', predicted_at,
                                     'p', predicted_struggle_probability, 'l', probability_low, 'h', probability_high, 'pc', prediction_confidence, 'r', risk_level,
                                     'why', reasoning, 'i', indicators, 'ia', intervention_applied, 'ii', intervention_id, 'ack', acknowledged_at)
           FROM btwin_api.predictions('ann', as_of => '2026-03-16 12:00+00') WHERE id = 'a1'),
          '{"o": "o1", "on": "Heart", "t": "k1", "c": "Anatomy", "d": "2026-03-18T00:00:00+00:00", "w": "2026-03-15T00:00:00+00:00", "p": 0.8, "l": null, "h": null, "pc": 0.6, "r": "HIGH",
            "why": "cognitive overload (critical), low retention (high), prerequisite gap (low)",
            "i": [{"indicator_type": "COGNITIVE_OVERLOAD", "severity": "CRITICAL", "context": null}, {"indicator_type": "LOW_RETENTION", "severity": "HIGH", "context": {"value": 0.2}},
                  {"indicator_type": "PREREQUISITE_GAP", "severity": "LOW", "context": null}],
            "ia": true, "ii": "r1", "ack": "2026-03-16T12:00:00+00:00"}'::jsonb, 'names, and the newest indicator of each type, the most severe first');
SELECT is((SELECT jsonb_build_object('m', method, 'v', version, 'c', computed_for, 'n', evidence_count, 'reason', reason) FROM btwin_api.predictions('ann', as_of => '2026-03-16 12:00+00') WHERE id = 'a1'),
          '{"m": "application", "v": null, "c": null, "n": null, "reason": null}'::jsonb, 'where the application wrote it');
SELECT is((SELECT feature_vector FROM btwin_api.predictions('ann', as_of => '2026-03-16 12:00+00') WHERE id = 'a1'),
          (SELECT jsonb_object_agg(feature, NULL) FROM btwin.struggle_features()) || '{"retention_score": 0.2, "validation_score": 1, "prerequisite_gap_count": 0}',
          'features in snake_case, what is no number from 0 to 1 unknown, nothing else');
SELECT is((SELECT string_agg(concat_ws(' ', id, intervention_applied, intervention_id, acknowledged_at), ', ' ORDER BY id) FROM btwin_api.predictions('ann', as_of => '2026-03-16 12:00+00') WHERE id IN ('a2', 'a2b', 'a5')),
          'a2 t gone, a2b f, a5 f', 'an intervention that is gone stands, one that was applied later does not yet, nor what was acknowledged later');
SELECT is((SELECT string_agg(concat_ws(' ', id, topic_id, course_name, reasoning, prediction_confidence, feature_vector, indicators), ', ' ORDER BY id) FROM btwin_api.predictions('ann', as_of => '2026-03-16 12:00+00') WHERE id IN ('a2', 'a2b')),
          'a2 k1 Anatomy because 0.5 [], a2b k1 Anatomy []', 'the course of the objective, the words of the application, no confidence beyond 1');
SELECT is((SELECT jsonb_build_object('m', method, 'v', version, 'c', computed_for, 'n', evidence_count, 'l', probability_low, 'h', probability_high)
           FROM btwin_api.predictions('ann', as_of => '2026-03-16 12:00+00') WHERE id = 'a2b'),
          '{"m": "btwin", "v": "struggle-1", "c": "2026-03-15T00:00:00+00:00", "n": 12, "l": 0.25, "h": 0.75}'::jsonb, 'where it comes from');
SELECT is((SELECT jsonb_build_object('m', method, 'v', version, 'c', computed_for, 'n', evidence_count, 'l', probability_low, 'h', probability_high, 'pc', prediction_confidence,
                                     'd', prediction_date, 'w', predicted_at, 'why', reasoning, 'f', feature_vector - 'retention_score' = (SELECT jsonb_object_agg(feature, NULL) - 'retention_score' FROM btwin.struggle_features()),
                                     'x', feature_vector -> 'retention_score')
           FROM btwin_api.predictions('ann', as_of => '2026-03-16 12:00+00') WHERE id = 'a9'),
          '{"m": "btwin", "v": "struggle-1", "c": "2026-03-16T12:00:00+00:00", "n": null, "l": 0.5, "h": 0.9, "pc": 0.6, "d": "2026-03-20T00:00:00+00:00", "w": "2026-03-16T12:00:00+00:00", "why": null, "f": true, "x": 0.25}'::jsonb,
          'a value of the history, with its own interval, date and features, and no words of a later one');
SELECT is((SELECT jsonb_build_object('m', method, 'v', version, 'c', computed_for, 'n', evidence_count, 'why', reasoning, 'd', prediction_date,
                                     'f', (SELECT count(*) FROM jsonb_object_keys(feature_vector)), 'x', feature_vector -> 'retention_score')
           FROM btwin_api.predictions('ann', as_of => '2026-03-16 13:00+00') WHERE id = 'a9'),
          '{"m": "epic5", "v": "epic5-1", "c": "2026-03-16T13:00:00+00:00", "n": 40, "why": "later", "d": "2026-03-21T00:00:00+00:00", "f": 15, "x": 0.1}'::jsonb, 'the newest value, with all that is known of it');

SELECT is((SELECT feature_vector FROM btwin_api.predictions('ann', as_of => '2026-03-16 12:00+00') WHERE id = 'a3'), (SELECT jsonb_object_agg(feature, NULL) FROM btwin.struggle_features()), 'what the application stored is looked at, right names or not');
-- filters
SELECT is((SELECT string_agg(id, ' ') FROM btwin_api.predictions('ann', status_is => 'PENDING', as_of => '2026-03-16 12:00+00')), 'a2 a2b a1 a5 a9', 'by state, that of the moment');
SELECT is((SELECT string_agg(id, ' ') FROM btwin_api.predictions('ann', topic_id_is => 'k1', as_of => '2026-03-16 12:00+00')), 'a2 a2b a1 a5 a9', 'by course, also one found through the objective');
SELECT is((SELECT string_agg(id, ' ') FROM btwin_api.predictions('ann', objective_id_is => 'o3', as_of => '2026-03-16 12:00+00')), 'a3 a7', 'by objective');
SELECT is((SELECT string_agg(id, ' ') FROM btwin_api.predictions('ann', 'DISMISSED', 0.2, 'k2', 'o3', 5, NULL, '2026-03-16 12:00+00')), 'a7', 'by all of it');

-- paging
CREATE FUNCTION pg_temp.walk(page_rows integer) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    seen text[] := '{}';
    page text[];
BEGIN
    LOOP
        page := ARRAY(SELECT id FROM btwin_api.predictions('ann', min_probability => 0, max_rows => page_rows, after_id => seen[cardinality(seen)], as_of => '2026-03-16 12:00+00'));
        EXIT WHEN page = '{}' OR cardinality(seen) > 100;
        seen := seen || page;
    END LOOP;
    RETURN array_to_string(seen, ' ');
END $$;
SELECT is((SELECT array_agg(DISTINCT pg_temp.walk(n)) FROM generate_series(1, 10) n), ARRAY['a4 a6 a3 a7 a2 a2b a1 a5 a9'], 'pages of any size make the list, ties included');
SELECT is((SELECT string_agg(id, ' ') FROM btwin_api.predictions('ann', status_is => 'PENDING', after_id => 'a3', max_rows => 2, as_of => '2026-03-16 12:00+00')), 'a2 a2b', 'after a row that the filters hide');
SELECT is((SELECT string_agg(id, ' ') FROM btwin_api.predictions('ann', after_id => 'a9', as_of => '2026-03-16 11:00+00')), NULL, 'after the value of the moment: 2026-03-19');
SELECT is((SELECT string_agg(id, ' ') FROM btwin_api.predictions('ann', max_rows => 200, as_of => '2026-03-16 12:00+00')), 'a3 a7 a2 a2b a1 a5 a9', 'up to 200');
SELECT is((SELECT array_agg(a || ': ' || pg_temp.refusal('SELECT * FROM btwin_api.predictions(''ann'', ' || a || ')')) FROM unnest(ARRAY[
          'after_id => ''b1''', 'after_id => ''none''', 'max_rows => 0', 'max_rows => 201', 'max_rows => NULL', 'min_probability => NULL', 'min_probability => 1.01', 'min_probability => -0.01',
          'min_probability => ''NaN''', 'status_is => ''OPEN''', 'status_is => ''pending''', 'as_of => ''infinity''', 'as_of => now() + interval ''6 minutes''']) a),
          ARRAY['after_id => ''b1'': PT404 unknown_id', 'after_id => ''none'': PT404 unknown_id', 'max_rows => 0: PT400 out_of_range max_rows', 'max_rows => 201: PT400 out_of_range max_rows',
                'max_rows => NULL: PT400 missing_argument max_rows', 'min_probability => NULL: PT400 missing_argument min_probability', 'min_probability => 1.01: PT400 out_of_range min_probability',
                'min_probability => -0.01: PT400 out_of_range min_probability', 'min_probability => ''NaN'': PT400 out_of_range min_probability', 'status_is => ''OPEN'': PT400 not_allowed_value status_is',
                'status_is => ''pending'': PT400 not_allowed_value status_is', 'as_of => ''infinity'': PT400 out_of_range as_of', 'as_of => now() + interval ''6 minutes'': PT400 out_of_range as_of'], 'refusals');
SELECT is((SELECT count(*) FROM btwin_api.predictions('ann', min_probability => 1, as_of => '2026-03-16 12:00+00')), 0::bigint, 'both ends of the range are allowed');
SELECT is_empty($$SELECT * FROM btwin_api.predictions('eve', as_of => '2026-03-16 12:00+00')$$, 'nobody predicted anything: no rows');

-- counts: of the seven rows from 0.5 four from 0.7 (a7, a1, a5, a9), three from 0.4 (a3, a2, a2b)
SELECT is(btwin_api.prediction_summary('ann', as_of => '2026-03-16 12:00+00'),
          '{"total_count": 7, "high_risk_count": 4, "medium_risk_count": 3, "low_risk_count": 0, "by_status": {"PENDING": 5, "CONFIRMED": 1, "FALSE_POSITIVE": 0, "MISSED": 0, "DISMISSED": 1, "RESOLVED": 0},
            "by_topic": [{"topic_id": "k2", "course_name": "Biology", "count": 2, "max_probability": 0.9}, {"topic_id": "k1", "course_name": "Anatomy", "count": 5, "max_probability": 0.8}],
            "generated_at": "2026-03-16T12:00:00+00:00", "computed_for": "2026-03-16T12:00:00+00:00"}'::jsonb, 'counts of the list');
SELECT is(btwin_api.prediction_summary('ann', min_probability => 0, as_of => '2026-03-16 12:00+00') - '{by_topic,generated_at,computed_for}'::text[],
          '{"total_count": 9, "high_risk_count": 4, "medium_risk_count": 4, "low_risk_count": 1, "by_status": {"PENDING": 5, "CONFIRMED": 1, "FALSE_POSITIVE": 0, "MISSED": 1, "DISMISSED": 1, "RESOLVED": 1}}'::jsonb, 'from 0');
SELECT is(btwin_api.prediction_summary('ann', 'FALSE_POSITIVE', 0, 'k1', 'o1', '2026-03-16 12:00:00.000001+00') - 'by_topic',
          '{"total_count": 1, "high_risk_count": 1, "medium_risk_count": 0, "low_risk_count": 0, "by_status": {"PENDING": 0, "CONFIRMED": 0, "FALSE_POSITIVE": 1, "MISSED": 0, "DISMISSED": 0, "RESOLVED": 0},
            "generated_at": "2026-03-16T12:00:00.000001+00:00", "computed_for": "2026-03-16T12:00:00.000001+00:00"}'::jsonb, 'with filters; the last run is that of all predictions');
SELECT is((SELECT count(*) FROM unnest('{PENDING,CONFIRMED,FALSE_POSITIVE,MISSED,DISMISSED,RESOLVED,NULL}'::text[]) AS s, unnest('{0,0.5,0.7}'::float8[]) AS p, unnest('{k1,NULL}'::text[]) AS t,
                                unnest('{2026-03-16 11:00+00,2026-03-16 12:00+00,2026-03-16 13:00+00}'::timestamptz[]) AS m
           WHERE (btwin_api.prediction_summary('ann', s, p, t, as_of => m) ->> 'total_count')::int
                 <> (SELECT count(*) FROM btwin_api.predictions('ann', s, p, t, max_rows => 200, as_of => m))), 0::bigint, 'always those of the list');
SELECT is(btwin_api.prediction_summary('eve', as_of => '2026-03-16 12:00+00'),
          '{"total_count": 0, "high_risk_count": 0, "medium_risk_count": 0, "low_risk_count": 0, "by_status": {"PENDING": 0, "CONFIRMED": 0, "FALSE_POSITIVE": 0, "MISSED": 0, "DISMISSED": 0, "RESOLVED": 0},
            "by_topic": [], "generated_at": null, "computed_for": "2026-03-16T12:00:00+00:00"}'::jsonb, 'of nothing');
SELECT is((SELECT array_agg(a || ': ' || pg_temp.refusal('SELECT btwin_api.prediction_summary(''ann'', ' || a || ')')) FROM unnest(ARRAY[
          'min_probability => NULL', 'min_probability => 1.01', 'min_probability => -0.01', 'status_is => ''OPEN''', 'as_of => ''-infinity''']) a),
          ARRAY['min_probability => NULL: PT400 missing_argument min_probability', 'min_probability => 1.01: PT400 out_of_range min_probability', 'min_probability => -0.01: PT400 out_of_range min_probability',
                'status_is => ''OPEN'': PT400 not_allowed_value status_is', 'as_of => ''-infinity'': PT400 out_of_range as_of'], 'its refusals');

-- Alerts of a learner whose day begins at 04:00 in UTC
INSERT INTO users (id) VALUES ('cat');
INSERT INTO btwin.learner (user_id, time_zone) VALUES ('cat', 'America/New_York');
INSERT INTO courses (id, user_id, name) VALUES ('kc', 'cat', 'Chemistry'), ('kd', 'cat', 'Drugs'), ('ke', 'cat', 'Ethics');
INSERT INTO lectures (id, user_id, course_id, title, file_name, file_url, file_size) SELECT 'v' || k, 'cat', 'k' || k, 't', 'f', 'u', 1 FROM unnest('{c,d,e}'::text[]) k;
INSERT INTO learning_objectives (id, lecture_id, objective, extracted_by) SELECT 'oc' || n, 'vc', 'Matter ' || n, 'x' FROM generate_series(1, 12) n;
INSERT INTO struggle_predictions (id, user_id, learning_objective_id, topic_id, predicted_struggle_probability, prediction_confidence, struggling_factors, prediction_date, predicted_at, prediction_status)
SELECT id, 'cat', 'oc' || substr(id, 2), topic, p, confidence, '{}', at, '2026-03-15', status
FROM (VALUES ('c1',  'kc', 0.7,      0.5, timestamptz '2026-03-16 04:00+00',        'PENDING'),   -- today begins
             ('c2',  'kc', 0.81,     0.9, '2026-03-19 12:00+00',                    'PENDING'),   -- 72 hours ahead
             ('c3',  'kc', 0.9,      1.0, '2026-03-16 03:59:59.999999+00',          'PENDING'),   -- yesterday
             ('c4',  'kc', 0.9,      1.0, '2026-03-19 12:00:00.000001+00',          'PENDING'),   -- too far
             ('c5',  'kc', 0.699999, 1.0, '2026-03-17',                             'PENDING'),   -- not probable enough
             ('c6',  'kc', 0.9,      1.0, '2026-03-17',                             'PENDING'),   -- without indicators
             ('c7',  'kc', 0.9,      1.0, '2026-03-17',                             'PENDING'),   -- one MEDIUM
             ('c8',  'kc', 0.9,      0.4, '2026-03-17',                             'PENDING'),   -- two MEDIUM
             ('c9',  'kd', 0.95,     1.0, '2026-03-17',                             'PENDING'),   -- one HIGH, two MEDIUM, a gap
             ('c10', 'ke', 0.8,      0.5, '2026-03-17',                             'PENDING'),   -- one HIGH, one MEDIUM
             ('c11', 'kc', 0.9,      1.0, '2026-03-17',                             'DISMISSED')) AS v (id, topic, p, confidence, at, status);
INSERT INTO struggle_indicators (user_id, learning_objective_id, prediction_id, indicator_type, severity, detected_at)
SELECT 'cat', 'x', id, kind, severity, coalesce(at, '2026-03-15')
FROM (VALUES ('c1', 'LOW_RETENTION', 'HIGH', NULL::timestamptz), ('c1', 'PERFORMANCE', 'LOW', NULL), ('c2', 'LOW_RETENTION', 'HIGH', NULL), ('c2', 'COGNITIVE_OVERLOAD', 'CRITICAL', NULL),
             ('c3', 'LOW_RETENTION', 'HIGH', NULL), ('c4', 'LOW_RETENTION', 'HIGH', NULL), ('c5', 'LOW_RETENTION', 'HIGH', NULL), ('c7', 'LOW_RETENTION', 'MEDIUM', NULL), ('c7', 'ENGAGEMENT', 'LOW', NULL),
             ('c7', 'LOW_RETENTION', 'HIGH', '2026-03-14'), ('c7', 'COGNITIVE', 'HIGH', '2026-03-16 12:00:00.000001+00'),
             ('c8', 'LOW_RETENTION', 'MEDIUM', NULL), ('c8', 'COGNITIVE', 'MEDIUM', '2026-03-16 12:00+00'),
             ('c9', 'LOW_RETENTION', 'HIGH', NULL), ('c9', 'PREREQUISITE_GAP', 'MEDIUM', NULL), ('c9', 'COGNITIVE', 'MEDIUM', NULL),
             ('c10', 'LOW_RETENTION', 'HIGH', NULL), ('c10', 'COGNITIVE', 'MEDIUM', NULL), ('c11', 'LOW_RETENTION', 'HIGH', NULL)) AS v (id, kind, severity, at);
INSERT INTO struggle_indicators (id, user_id, learning_objective_id, prediction_id, indicator_type, severity, detected_at) VALUES ('a', 'cat', 'x', 'c7', 'LOW_RETENTION', 'HIGH', '2026-03-15');
-- five open missions; the sixth does not count, nor what is done, skipped or of yesterday
INSERT INTO missions (id, user_id, date, status, estimated_minutes, completed_at, objectives) VALUES
    ('m0', 'cat', '2026-03-16 03:59:59.999999+00', 'PENDING', 30, NULL, '[{"id": "oc9"}]'),
    ('m1', 'cat', '2026-03-16 04:00+00', 'PENDING', 30, NULL, '[{"id": "oc8"}, {"id": "oc99"}]'),
    ('m2', 'cat', '2026-03-17 04:00+00', 'COMPLETED', 30, '2026-03-16 12:00+00', '[{"id": "oc9"}]'),
    ('m3', 'cat', '2026-03-17 04:00+00', 'SKIPPED', 30, NULL, '[{"id": "oc9"}]'),
    ('m4', 'cat', '2026-03-17 04:00+00', 'COMPLETED', 30, '2026-03-16 12:00:00.000001+00', '{"id": "oc9"}'),
    ('m5', 'cat', '2026-03-18 04:00+00', 'IN_PROGRESS', 30, NULL, '[{"id": "oc8"}, "oc9", {"objective": {"id": "oc98"}}]'),
    ('m6', 'cat', '2026-03-19 04:00+00', 'PENDING', 30, NULL, '[]'), ('m7', 'cat', '2026-03-20 04:00+00', 'PENDING', 30, NULL, '[]'),
    ('m8', 'cat', '2026-03-21 04:00+00', 'PENDING', 30, NULL, '[{"id": "oc9"}]');
INSERT INTO exams (id, user_id, name, date, course_id, created_at) VALUES
    ('x0', 'cat', 'over', '2026-03-16 11:59:59.999999+00', 'kd', '2026-01-01'), ('x1', 'cat', 'next', '2026-03-17 13:00+00', 'kd', '2026-03-16 12:00+00'),
    ('x2', 'cat', 'not known yet', '2026-03-16 13:00+00', 'kd', '2026-03-16 12:00:00.000001+00'), ('x3', 'cat', 'later', '2026-03-18 13:00+00', 'kd', '2026-01-01');
INSERT INTO intervention_recommendations (id, user_id, prediction_id, intervention_type, description, reasoning, priority, status, applied_at, created_at) VALUES
    ('c9a', 'cat', 'c9', 'SPACED_REPETITION_BOOST', 'd', 'r', 6, 'PENDING', NULL, '2026-03-15'), ('c9b', 'cat', 'c9', 'PREREQUISITE_REVIEW', 'd', 'r', 9, 'COMPLETED', '2026-03-16 12:00:00.000001+00', '2026-03-16 12:00+00'),
    ('c9c', 'cat', 'c9', 'PREREQUISITE_REVIEW', 'd', 'r', 10, 'SKIPPED', NULL, '2026-03-15'), ('c9d', 'cat', 'c9', 'PREREQUISITE_REVIEW', 'd', 'r', 10, 'PENDING', NULL, '2026-03-16 12:00:00.000001+00'),
    ('c8a', 'cat', 'c8', 'PREREQUISITE_REVIEW', 'd', 'r', 9, 'COMPLETED', '2026-03-16 12:00+00', '2026-03-15');
-- days: c8 0 (a mission of today, in spite of its date 8 hours ago); c9 2 (an exam in 25 hours; its missions are over, done, skipped, no list, or the sixth);
-- without mission and exam 1 above a probability of 0.8 (c2), else 2 (c1, c10).
-- priority = 100 (0.4 (1 - days/3) + 0.3 confidence + 0.2 (1 or 0.7) + 0.1 * 0.5):
-- c1 13.333 + 15 + 14 + 5, c2 26.667 + 27 + 20 + 5, c8 40 + 12 + 14 + 5, c9 13.333 + 30 + 20 + 5, c10 13.333 + 15 + 14 + 5
SELECT results_eq($$SELECT id, alert_type, severity, round(priority::numeric, 6), prediction_id, intervention_id, days_until_due, created_at, confidence, evidence_count FROM btwin_api.alerts('cat', 20, '2026-03-16 12:00+00')$$,
    $$VALUES ('alert_c2', 'PROACTIVE_WARNING', 'HIGH', 78.666667, 'c2', NULL, 1::float8, timestamptz '2026-03-15', 0.9::float8, 2),
             ('alert_c8', 'REAL_TIME_ALERT', 'MEDIUM', 71.000000, 'c8', NULL, 0, '2026-03-15', 0.4, 2),
             ('alert_c9', 'PREREQUISITE_ALERT', 'HIGH', 68.333333, 'c9', 'c9b', 2, '2026-03-15', 1.0, 3),
             ('alert_c1', 'PROACTIVE_WARNING', 'MEDIUM', 47.333333, 'c1', NULL, 2, '2026-03-15', 0.5, 2),
             ('alert_c10', 'PROACTIVE_WARNING', 'MEDIUM', 47.333333, 'c10', NULL, 2, '2026-03-15', 0.5, 2)$$, 'alerts by priority, then id');
SELECT is((SELECT array_agg(id) FROM btwin_api.alerts('cat', as_of => '2026-03-16 12:00+00')), '{alert_c2,alert_c8,alert_c9}', 'three of them');
SELECT is((SELECT array_agg(id) FROM btwin_api.alerts('cat', max_rows => 1, as_of => '2026-03-16 12:00+00')), '{alert_c2}', 'or one');
SELECT is((SELECT concat_ws(' ', method, version, computed_for, reason) FROM btwin_api.alerts('cat', max_rows => 1, as_of => '2026-03-16 12:00+00')), 'btwin alert-1 2026-03-16 12:00:00+00', 'by which rule');
SELECT results_eq($$SELECT title, message FROM btwin_api.alerts('cat', 4, '2026-03-16 12:00+00')$$,
    $$VALUES ('Hard soon: Matter 2', 'Probability of a struggle 81 %, due within a day. Signs: cognitive overload (critical), low retention (high).'),
             ('Hard today: Matter 8', 'Probability of a struggle 90 %, due today. Signs: cognitive (medium), low retention (medium).'),
             ('Prerequisites first: Matter 9', 'Probability of a struggle 95 %, due within 2 days. Signs: low retention (high), cognitive (medium), prerequisite gap (medium).'),
             ('Hard soon: Matter 1', 'Probability of a struggle 70 %, due within 2 days. Signs: low retention (high), performance (low).')$$, 'in words');
-- the other spellings of an objective in a mission; a mission goes before the exam
UPDATE missions SET objectives = '[{"objectiveId": "oc9"}, {"objective": {"id": "oc1"}, "x": 1}]' WHERE id = 'm6';
SELECT results_eq($$SELECT id, days_until_due FROM btwin_api.alerts('cat', 20, '2026-03-16 12:00+00') WHERE id IN ('alert_c9', 'alert_c1') ORDER BY 1$$,
                  $$VALUES ('alert_c1', 3::float8), ('alert_c9', 3)$$, 'two days and 16 hours are three');
UPDATE missions SET objectives = '[{"id": "oc9"}]', date = '2026-04-16 12:00+00' WHERE id = 'm6';
SELECT is((SELECT round(priority::numeric, 6) FROM btwin_api.alerts('cat', 20, '2026-03-16 12:00+00') WHERE id = 'alert_c9'), 55.000000, 'the fifth open mission, a month ahead: no urgency, and the exam does not count');
UPDATE exams SET date = '2026-03-16 12:00+00' WHERE id = 'x1';
DELETE FROM missions WHERE id IN ('m6', 'm8');
SELECT is((SELECT days_until_due || ' ' || alert_type FROM btwin_api.alerts('cat', 20, '2026-03-16 12:00+00') WHERE id = 'alert_c9'), '0 PREREQUISITE_ALERT', 'an exam at the moment; a gap goes before today');
INSERT INTO cognitive_load_metrics (user_id, load_score, stress_indicators, confidence_level, timestamp)
VALUES ('cat', 10, '[]', 1, '2026-03-16 11:00+00'), ('cat', 80, '[]', 1, '2026-03-16 12:00+00'), ('cat', 20, '[]', 1, '2026-03-16 12:00:00.000001+00');
SELECT is((SELECT round(priority::numeric, 6) FROM btwin_api.alerts('cat', 20, '2026-03-16 12:00+00') WHERE id = 'alert_c1'), 50.333333, 'the newest load, 80: three points more than 50');
-- without a load c1 has 13.333 + 15 + 14 = 42.333, and a tenth of it more. The row of 11:00 says 10: one point
ALTER TABLE cognitive_load_metrics DROP CONSTRAINT cognitive_load_metrics_load_score_check;
CREATE FUNCTION pg_temp.priority_at(load float8) RETURNS numeric LANGUAGE sql AS $$
UPDATE cognitive_load_metrics SET load_score = load WHERE user_id = 'cat' AND timestamp = '2026-03-16 12:00+00';
SELECT round(priority::numeric, 6) FROM btwin_api.alerts('cat', 20, '2026-03-16 12:00+00') WHERE id = 'alert_c1'
$$;
SELECT is(ARRAY[pg_temp.priority_at(0), pg_temp.priority_at(100), pg_temp.priority_at(-0.5), pg_temp.priority_at(100.5), pg_temp.priority_at('NaN')],
          '{42.333333,52.333333,43.333333,43.333333,43.333333}', 'loads from 0 to 100 count, ends included; what is none leaves it to the one before');
UPDATE cognitive_load_metrics SET load_score = 80 WHERE user_id = 'cat' AND timestamp = '2026-03-16 12:00+00';
-- c10 as c1, without its 15 for the confidence: 13.333 + 14 + 8
UPDATE struggle_predictions SET prediction_confidence = 1.5 WHERE id = 'c10';
SELECT is((SELECT concat_ws(' ', round(priority::numeric, 6), confidence) FROM btwin_api.alerts('cat', 20, '2026-03-16 12:00+00') WHERE id = 'alert_c10'), '35.333333', 'a confidence that is none adds nothing');
UPDATE struggle_predictions SET prediction_confidence = 0.5 WHERE id = 'c10';
-- whole days, begun ones too; no exam and no mission is too far. An adopted table may hold a date without an end.
ALTER TABLE exams DROP CONSTRAINT exams_date_check;
CREATE FUNCTION pg_temp.days_at(exam timestamptz) RETURNS float8 LANGUAGE sql AS $$
UPDATE exams SET date = exam WHERE id IN ('x1', 'x3');
SELECT days_until_due FROM btwin_api.alerts('cat', 20, '2026-03-16 12:00+00') WHERE id = 'alert_c9'
$$;
SELECT is(ARRAY[pg_temp.days_at('2026-03-16 12:00:00.000001+00'), pg_temp.days_at('2026-03-17 12:00+00'), pg_temp.days_at('2026-03-17 12:00:00.000001+00'), pg_temp.days_at('2026-03-17 12:00:01+00'), pg_temp.days_at('2026-03-18 12:00+00')],
          '{1,1,2,2,2}', 'a begun day is a day');
SELECT is(ARRAY[pg_temp.days_at('2027-03-17 12:00+00'), pg_temp.days_at('2027-03-18 12:00+00'), pg_temp.days_at('2028-03-16 12:00+00'), pg_temp.days_at('infinity')], '{366,367,731,1}', 'an exam more than a year ahead; one without a date is none: a day, c9 being more probable than 0.8');
INSERT INTO missions (id, user_id, date, status, estimated_minutes, objectives) VALUES ('m9', 'cat', '2027-04-20 12:00+00', 'PENDING', 30, '[{"id": "oc9"}]');
SELECT is(pg_temp.days_at('2026-03-18 12:00+00'), 400::float8, 'a mission of the next year, the fifth that is open: 365 days and 35');
DELETE FROM missions WHERE id = 'm9';
UPDATE exams SET date = '2026-03-16 12:00+00' WHERE id IN ('x1', 'x3');
SELECT is((SELECT array_agg(id ORDER BY id) FROM btwin_api.alerts('cat', 20, '2026-03-16 12:00:00.000001+00')), '{alert_c1,alert_c10,alert_c2,alert_c4,alert_c7,alert_c8,alert_c9}', 'a microsecond later c4 is near enough, and c7 has a HIGH sign');
SELECT is((SELECT array_agg(id ORDER BY id) FROM btwin_api.alerts('ann', 20, '2026-03-16 12:00+00')), '{alert_a1}', 'of another learner: a1 alone has indicators');
SELECT is_empty($$SELECT * FROM btwin_api.alerts('eve', as_of => '2026-03-16 12:00+00')$$, 'none');
SELECT is((SELECT array_agg(a || ': ' || pg_temp.refusal('SELECT * FROM btwin_api.alerts(''cat'', ' || a || ')')) FROM unnest('{max_rows => 0,max_rows => 1,max_rows => 20,max_rows => 21,max_rows => NULL,as_of => ''infinity''}'::text[]) a),
          '{"max_rows => 0: PT400 out_of_range max_rows","max_rows => 1: accepted","max_rows => 20: accepted","max_rows => 21: PT400 out_of_range max_rows","max_rows => NULL: PT400 missing_argument max_rows","as_of => ''infinity'': PT400 out_of_range as_of"}', 'refusals');

-- identity, and where it must run
SELECT is((SELECT array_agg(DISTINCT pg_temp.refusal(format('SELECT * FROM btwin_api.%s(%L)', f, 'off'))) FROM unnest('{predictions,prediction_summary,alerts}'::text[]) f), '{PT403 analysis_disabled}', 'analysis switched off');
SELECT is((SELECT array_agg(DISTINCT pg_temp.refusal(format('SELECT * FROM btwin_api.%s(%L)', f, 'nobody'))) FROM unnest('{predictions,prediction_summary,alerts}'::text[]) f), '{PT404 unknown_learner user_id}', 'an unknown learner');
SELECT is((SELECT array_agg(DISTINCT pg_temp.refusal(format('SELECT * FROM btwin_api.%s()', f))) FROM unnest('{predictions,prediction_summary,alerts}'::text[]) f), '{PT400 user_required user_id}', 'nobody named');
SET btwin.user_id = 'ann';
SET search_path = '';
SET default_transaction_read_only = on;
SELECT pg_catalog.string_agg(id, ' ') AS listed FROM btwin_api.predictions(as_of => '2026-03-16 12:00+00') \gset
SELECT btwin_api.prediction_summary(as_of => '2026-03-16 12:00+00') ->> 'total_count' AS counted \gset
SELECT pg_catalog.count(*) AS alarmed FROM btwin_api.alerts(as_of => '2026-03-16 12:00+00') \gset
RESET default_transaction_read_only;
RESET search_path;
RESET btwin.user_id;
SELECT is(:'listed'::text, 'a3 a7 a2 a2b a1 a5 a9', 'the caller''s own, without a path and read-only');
SELECT is(:'counted'::text, '7', 'the counts too');
SELECT is(:'alarmed'::text, '1', 'and the alerts');
SELECT * FROM finish();
