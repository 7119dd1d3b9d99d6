-- btwin_api.personalization_config
\set QUIET on
SET client_min_messages = warning;
SET DateStyle = 'ISO, YMD';
SET TimeZone = 'UTC';
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS btwin;
SELECT plan(59);
CREATE TEMP TABLE attached AS SELECT * FROM btwin.attach('public');

\ir api_helpers.psql
\set t '''2026-03-16 12:00+00'''
INSERT INTO users (id, behavioral_analysis_enabled) VALUES ('ann', true), ('bob', true), ('off', false);
SET btwin.user_id = 'ann';
CREATE FUNCTION pg_temp.c(at timestamptz DEFAULT '2026-03-16 12:00+00') RETURNS jsonb LANGUAGE sql AS $$SELECT btwin_api.personalization_config(as_of => at)$$;
-- which parts are enabled and applicable: M, C, A, S, in capitals when applicable
CREATE FUNCTION pg_temp.parts() RETURNS text LANGUAGE sql AS $$
SELECT string_agg(CASE WHEN (c -> k ->> 'applicable')::boolean THEN upper(left(k, 1)) WHEN (c -> k ->> 'enabled')::boolean THEN left(k, 1) ELSE '-' END, '' ORDER BY n) || coalesce(' ' || max(c -> k ->> 'reason'), '')
FROM pg_temp.c() AS c, unnest('{mission,content,assessment,session}'::text[]) WITH ORDINALITY AS u (k, n)
$$;
CREATE FUNCTION pg_temp.p(part text, key text, at timestamptz DEFAULT '2026-03-16 12:00+00') RETURNS text LANGUAGE sql AS $$SELECT pg_temp.c(at) #>> ARRAY[part, 'parameters', key]$$;

SELECT is((SELECT string_agg(pg_temp.refusal(format('SELECT btwin_api.personalization_config(%s)', a)), ', ' ORDER BY n) FROM unnest(ARRAY['as_of => ''infinity''', 'user_id => ''off''', 'user_id => ''nobody''', 'user_id => ''bob''']) WITH ORDINALITY AS u (a, n)),
          'PT400 out_of_range as_of, PT403 analysis_disabled, PT404 unknown_learner user_id, accepted', 'refusals');
\set none '{"enabled": false, "strategy": "default", "parameters": {}, "confidence": 0, "applicable": false, "active_config_id": null, "reason": "insufficient_data"}'
SELECT is(pg_temp.c(), jsonb_build_object('mission', :'none'::jsonb, 'content', :'none'::jsonb, 'assessment', :'none'::jsonb, 'session', :'none'::jsonb, 'data_quality_score', NULL, 'last_analyzed_at', NULL, 'warnings', '{}'::text[], 'message', 'There is no profile of this learner yet.'), 'the empty learner');
INSERT INTO user_learning_profiles (id, user_id, preferred_study_times, average_session_duration, optimal_session_duration, content_preferences, learning_style_profile, personalized_forgetting_curve, last_analyzed_at, data_quality_score) VALUES
    ('l1', 'ann', '[{"dayOfWeek": -1, "startHour": 9, "endHour": 11, "effectiveness": 0.8}, {"dayOfWeek": 2, "startHour": 20, "endHour": 21, "effectiveness": 0.7}]', 40, 65, '{"lectures": 0.4, "flashcards": 0.3, "validation": 0.2, "clinicalReasoning": 0.1}',
     '{"visual": 0.45, "auditory": 0.25, "reading": 0.2, "kinesthetic": 0.1, "loadTolerance": 70}', '{"initialRetention": 0.92, "decayRate": 0.139, "stabilityFactor": 5}', '2026-03-15 02:00+00', 0.59);
SELECT is(pg_temp.parts() || ', ' || (pg_temp.c() ->> 'message') || ' ' || (pg_temp.c() ->> 'data_quality_score'), '---- insufficient_data, The profile rests on too little data. 0.59', 'a profile of 0.59');
-- levels: 0.6 is enough to personalize, HIGH applies it; MEDIUM from 0.7, LOW from 0.85, NONE never
UPDATE user_learning_profiles SET data_quality_score = 0.6;
SELECT is(pg_temp.parts(), 'mcas', '0.6: enabled, not applicable at the default level');
INSERT INTO personalization_preferences (id, user_id, personalization_level) VALUES ('p1', 'ann', 'HIGH');
SELECT is(pg_temp.parts(), 'MCAS', '0.6 at HIGH');
UPDATE personalization_preferences SET personalization_level = 'MEDIUM';
UPDATE user_learning_profiles SET data_quality_score = 0.69;
SELECT is(pg_temp.parts(), 'mcas', '0.69 at MEDIUM');
UPDATE user_learning_profiles SET data_quality_score = 0.7;
SELECT is(pg_temp.parts(), 'MCAS', '0.7 at MEDIUM');
UPDATE personalization_preferences SET personalization_level = 'LOW';
UPDATE user_learning_profiles SET data_quality_score = 0.84;
SELECT is(pg_temp.parts(), 'mcas', '0.84 at LOW');
UPDATE user_learning_profiles SET data_quality_score = 0.85;
SELECT is(pg_temp.parts(), 'MCAS', '0.85 at LOW');
UPDATE personalization_preferences SET personalization_level = 'NONE';
UPDATE user_learning_profiles SET data_quality_score = 1;
SELECT is(pg_temp.parts() || ', ' || (pg_temp.c() ->> 'message'), '---- personalization_off, The learner has switched personalization off.', '1 at NONE');
UPDATE personalization_preferences SET personalization_level = 'MEDIUM', content_personalization_enabled = false, session_personalization_enabled = false;
UPDATE user_learning_profiles SET data_quality_score = 0.8;
SELECT is(pg_temp.parts(), 'M-A- personalization_off', 'two toggles');
UPDATE personalization_preferences SET content_personalization_enabled = true, session_personalization_enabled = true, mission_personalization_enabled = false, assessment_personalization_enabled = false;
SELECT is(pg_temp.parts(), '-C-S personalization_off', 'the other two');
UPDATE personalization_preferences SET mission_personalization_enabled = true, assessment_personalization_enabled = true, disabled_features = '{CONTENT,Breaks}';
SELECT is(pg_temp.parts() || ' ' || coalesce(pg_temp.p('session', 'breaks'), 'no breaks') || ' ' || pg_temp.p('session', 'session_minutes'), 'M-AS personalization_off no breaks 65', 'features: a part and a parameter');
SELECT is(pg_temp.c() -> 'content', :'none'::jsonb || '{"reason": "personalization_off"}', 'what is off');
UPDATE personalization_preferences SET disabled_features = '{}';
-- everything at once; no predictions, loads, assessments
SELECT is(pg_temp.c() - 'last_analyzed_at', '{
    "mission": {"enabled": true, "strategy": "pattern-based", "parameters": {"optimal_study_times": [{"day_of_week": -1, "start_hour": 9, "end_hour": 11, "effectiveness": 0.8}, {"day_of_week": 2, "start_hour": 20, "end_hour": 21, "effectiveness": 0.7}], "recommended_duration_minutes": 65, "intensity": "MEDIUM", "interventions": []}, "confidence": 0.8, "applicable": true, "active_config_id": null, "reason": null},
    "content": {"enabled": true, "strategy": "learning-style-adaptive", "parameters": {"exposure_mix": {"visual": 0.45, "auditory": 0.25, "reading": 0.2, "kinesthetic": 0.1}, "content_preferences": {"lectures": 0.4, "flashcards": 0.3, "validation": 0.2, "clinical_reasoning": 0.1}, "topics": [], "review_frequency": 20}, "confidence": 0.8, "applicable": true, "active_config_id": null, "reason": null},
    "assessment": {"enabled": true, "strategy": "forgetting-curve-optimized", "parameters": {"forgetting_curve": {"initial_retention": 0.92, "decay_rate": 0.139, "half_life_days": 5}, "validation_frequency": "MEDIUM", "progression": "MODERATE", "feedback": "STANDARD"}, "confidence": 0.8, "applicable": true, "active_config_id": null, "reason": null},
    "session": {"enabled": true, "strategy": "attention-cycle-based", "parameters": {"session_minutes": 65, "exposure_mix": {"visual": 0.45, "auditory": 0.25, "reading": 0.2, "kinesthetic": 0.1}, "breaks": [{"after_minutes": 25, "break_minutes": 5}]}, "confidence": 0.8, "applicable": true, "active_config_id": null, "reason": null},
    "data_quality_score": 0.8, "message": null,
    "warnings": ["No struggle is predicted with a confidence of 0.7 or more.", "Cognitive load was not measured in the last 7 days.", "Burnout was not assessed in the last 14 days."]}'::jsonb, 'the whole document');
SELECT is((pg_temp.c() ->> 'last_analyzed_at')::timestamptz, '2026-03-15 02:00+00', 'of when the profile is');
-- profiling switched off
UPDATE users SET learning_style_profiling_enabled = false WHERE id = 'ann';
SELECT is(concat(pg_temp.p('content', 'exposure_mix'), pg_temp.p('session', 'exposure_mix'), ' ', pg_temp.c() #>> '{warnings,0}'), ' The learner has switched profiling of the exposure mix off.', 'no exposure mix');
UPDATE users SET learning_style_profiling_enabled = true WHERE id = 'ann';

-- the curve: cards a day and how often to validate. 100/5 = 20 is also the default
CREATE FUNCTION pg_temp.with_curve(curve jsonb) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    UPDATE user_learning_profiles SET personalized_forgetting_curve = curve;
    RETURN concat_ws(' ', pg_temp.p('content', 'review_frequency'), pg_temp.p('assessment', 'validation_frequency'), pg_temp.c() #>> '{assessment,parameters,forgetting_curve,half_life_days}');
END $$;
SELECT is(pg_temp.with_curve(c::jsonb), w, c)
FROM (VALUES ('{"halfLife": 4, "stabilityFactor": 9}', '25 MEDIUM 4'), ('{"halfLife": 3}', '33 MEDIUM 3'), ('{"halfLife": 2.9}', '34 HIGH 2.9'), ('{"halfLife": 7}', '14 MEDIUM 7'), ('{"halfLife": 7.1}', '14 LOW 7.1'), ('{"halfLife": 1.9}', '50 HIGH 1.9'),
             ('{"halfLife": 2.02}', '49 HIGH 2.02'), ('{"halfLife": 9.9}', '10 LOW 9.9'), ('{"halfLife": 9}', '11 LOW 9'), ('{"halfLife": 20}', '10 LOW 20'), ('{"halfLife": 0, "stabilityFactor": 4}', '25 MEDIUM 4'), ('{"stabilityFactor": 0}', '20 MEDIUM'), ('{"halfLife": -1}', '20 HIGH -1'), ('{"halfLife": 0.5}', '50 HIGH 0.5')) AS x (c, w);
UPDATE user_learning_profiles SET personalized_forgetting_curve = '{"halfLife": 2}', data_quality_score = 0.69;
SELECT is(concat_ws(' ', pg_temp.p('content', 'review_frequency'), pg_temp.p('assessment', 'validation_frequency')) || ' ' || pg_temp.p('mission', 'recommended_duration_minutes') || ' ' || (pg_temp.c() #>> '{warnings,0}'), '20 MEDIUM 50 The profile is uncertain: length and reviews are the usual ones.', 'a curve and a length of 0.69 are not used');
UPDATE user_learning_profiles SET data_quality_score = 0.7;
SELECT is(concat_ws(' ', pg_temp.p('content', 'review_frequency'), pg_temp.p('assessment', 'validation_frequency')) || ' ' || pg_temp.p('mission', 'recommended_duration_minutes'), '50 HIGH 65', 'of 0.7 they are');
UPDATE user_learning_profiles SET personalized_forgetting_curve = '{"R0": 0.8, "k": 0.2}';
SELECT is((pg_temp.c() #>> '{assessment,parameters,forgetting_curve,initial_retention}') || ' ' || (pg_temp.c() #>> '{assessment,parameters,forgetting_curve,decay_rate}'), '0.8 0.2', 'the other spelling');
UPDATE user_learning_profiles SET preferred_study_times = '{}';
SELECT is(pg_temp.p('mission', 'optimal_study_times'), '[]', 'times that are no list');

-- load: the newest row and the mean of 7 days. The rows: 39 at the very start of the week, one before it of 100, the newest at the moment, one after it
INSERT INTO cognitive_load_metrics (id, user_id, load_score, stress_indicators, confidence_level, timestamp) VALUES ('m0', 'ann', 100, '[]', 0.8, '2026-03-09 11:59:59.999999+00'), ('m1', 'ann', 39, '[]', 0.8, '2026-03-09 12:00+00'), ('m9', 'ann', 100, '[]', 0.8, '2026-03-16 12:00:00.000001+00'), ('b', 'bob', 90, '[]', 0.8, '2026-03-16 12:00+00');
CREATE FUNCTION pg_temp.loaded() RETURNS text LANGUAGE sql AS $$
SELECT concat_ws(' ', pg_temp.p('mission', 'intensity'), pg_temp.p('mission', 'recommended_duration_minutes'), pg_temp.p('session', 'session_minutes'), pg_temp.p('assessment', 'progression'),
                 (SELECT string_agg((b ->> 'after_minutes') || '/' || (b ->> 'break_minutes'), ',') FROM jsonb_array_elements(pg_temp.p('session', 'breaks')::jsonb) b))
$$;
SELECT is(pg_temp.loaded() || ' ' || jsonb_array_length(pg_temp.c() -> 'warnings'), 'MEDIUM 65 65 AGGRESSIVE 25/5 2', 'a low load, a week old');
DELETE FROM cognitive_load_metrics WHERE id = 'm1';
SELECT is(pg_temp.loaded() || ' ' || jsonb_array_length(pg_temp.c() -> 'warnings'), 'MEDIUM 65 65 MODERATE 25/5 3', 'older ones and later ones do not count');
INSERT INTO cognitive_load_metrics (id, user_id, load_score, stress_indicators, confidence_level, timestamp) VALUES ('m2', 'ann', 40, '[]', 0.8, '2026-03-16 12:00+00'), ('m1', 'ann', 95, '[]', 0.8, '2026-03-16 12:00+00'), ('m3', 'ann', 74, '[]', 0.8, '2026-03-15 12:00+00');
-- (40 + 95 + 74)/3 = 69.67
SELECT is(pg_temp.loaded(), 'MEDIUM 65 65 MODERATE 25/5', 'of one moment the later id; a mean of 69.67');
UPDATE cognitive_load_metrics SET load_score = 75 WHERE id = 'm3';
SELECT is(pg_temp.loaded(), 'MEDIUM 65 65 MODERATE 25/5', 'a mean of 70');
UPDATE cognitive_load_metrics SET load_score = 76 WHERE id = 'm3';
SELECT is(pg_temp.loaded(), 'MEDIUM 65 65 MODERATE 25/5,50/10', 'a mean of 70.33');
-- 0.7 * 65 = 45.5
UPDATE cognitive_load_metrics SET load_score = 60 WHERE id = 'm2';
SELECT is(pg_temp.loaded(), 'LOW 45 45 GRADUAL 20/5,40/10', 'a high load');
UPDATE cognitive_load_metrics SET load_score = 80 WHERE id = 'm2';
SELECT is(pg_temp.loaded(), 'LOW 45 45 GRADUAL 20/5,40/10', 'a critical load');
-- in an adopted table, loads that are none: the newest that is one counts
ALTER TABLE cognitive_load_metrics DROP CONSTRAINT cognitive_load_metrics_load_score_check;
CREATE FUNCTION pg_temp.with_loads(newest float8, other float8) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    UPDATE cognitive_load_metrics SET load_score = CASE id WHEN 'm2' THEN newest ELSE other END WHERE id IN ('m1', 'm2');
    RETURN pg_temp.p('assessment', 'progression');
END $$;
SELECT is(concat_ws(' ', pg_temp.with_loads(100, 30), pg_temp.with_loads(100.5, 30), pg_temp.with_loads(0, 90), pg_temp.with_loads(-0.5, 90), pg_temp.with_loads('NaN', 90)), 'GRADUAL AGGRESSIVE AGGRESSIVE GRADUAL GRADUAL', 'loads from 0 to 100');
SELECT pg_temp.with_loads(80, 95) \g /dev/null

-- burnout: assessments of 14 days; it comes before the load
INSERT INTO burnout_risk_assessments (id, user_id, risk_score, risk_level, contributing_factors, assessment_date) VALUES ('a0', 'ann', 90, 'CRITICAL', '[]', '2026-03-02 11:59:59.999999+00'), ('a9', 'ann', 90, 'CRITICAL', '[]', '2026-03-16 12:00:00.000001+00');
SELECT is(pg_temp.loaded(), 'LOW 45 45 GRADUAL 20/5,40/10', 'too old, and not assessed yet');
INSERT INTO burnout_risk_assessments (id, user_id, risk_score, risk_level, contributing_factors, assessment_date) VALUES ('a1', 'ann', 50, 'HIGH', '[]', '2026-03-02 12:00+00');
SELECT is(pg_temp.loaded() || ' ' || jsonb_array_length(pg_temp.c() -> 'warnings'), 'LOW 30 30 GRADUAL 20/5,40/10 1', 'at most half an hour');
INSERT INTO burnout_risk_assessments (id, user_id, risk_score, risk_level, contributing_factors, assessment_date) VALUES ('a3', 'ann', 90, 'CRITICAL', '[]', '2026-03-16 12:00+00'), ('a2', 'ann', 40, 'MEDIUM', '[]', '2026-03-16 12:00+00');
SELECT is(pg_temp.loaded(), 'LOW 30 30 GRADUAL 20/5,40/10', 'the newest, of one moment the later id');
UPDATE user_learning_profiles SET optimal_session_duration = 20;
SELECT is(pg_temp.loaded(), 'LOW 20 20 GRADUAL 20/5,40/10', 'shorter is left alone');
UPDATE user_learning_profiles SET optimal_session_duration = 65;
UPDATE burnout_risk_assessments SET risk_level = 'MEDIUM' WHERE id = 'a3';
SELECT is(pg_temp.loaded(), 'LOW 45 45 GRADUAL 20/5,40/10', 'a medium risk cuts nothing');

-- predictions and their interventions
INSERT INTO courses (id, user_id, name) VALUES ('k', 'ann', 'c');
INSERT INTO lectures (id, user_id, course_id, title, file_name, file_url, file_size) VALUES ('v', 'ann', 'k', 't', 'f', 'u', 1);
INSERT INTO learning_objectives (id, lecture_id, objective, extracted_by, complexity) VALUES ('o', 'v', 'o', 'x', 'BASIC');
INSERT INTO struggle_predictions (id, user_id, learning_objective_id, topic_id, predicted_struggle_probability, prediction_confidence, prediction_status, struggling_factors, prediction_date, predicted_at, actual_outcome, actual_outcome_recorded_at)
SELECT v.id, 'ann', 'o', v.topic, v.p, v.confidence, v.status, '{}', v.date::timestamptz, v.predicted::timestamptz, v.recorded IS NOT NULL, v.recorded::timestamptz
FROM (VALUES
    ('q1', 'heart', 0.72, 0.7,  'PENDING',   '2026-03-15 12:00+00', '2026-03-16 12:00+00', NULL),
    ('q2', 'lung',  0.7,  0.9,  'PENDING',   '2026-04-16 11:59:59.999999+00', '2026-03-14 12:00+00', NULL),
    ('q3', 'heart', 0.71, 0.9,  'CONFIRMED', '2026-03-20 12:00+00', '2026-03-14 12:00+00', '2026-03-16 12:00:00.000001+00'),
    ('n1', 'x',     0.9,  0.69, 'PENDING',   '2026-03-20 12:00+00', '2026-03-14 12:00+00', NULL),
    ('n2', 'x',     0.9,  0.9,  'PENDING',   '2026-03-15 11:59:59.999999+00', '2026-03-14 12:00+00', NULL),
    ('n3', 'x',     0.9,  0.9,  'PENDING',   '2026-04-16 12:00+00', '2026-03-14 12:00+00', NULL),
    ('n4', 'x',     0.9,  0.9,  'PENDING',   '2026-03-20 12:00+00', '2026-03-16 12:00:00.000001+00', NULL),
    ('n5', 'x',     0.9,  0.9,  'CONFIRMED', '2026-03-20 12:00+00', '2026-03-14 12:00+00', '2026-03-16 12:00+00')) AS v (id, topic, p, confidence, status, date, predicted, recorded);
SELECT is(pg_temp.p('content', 'topics') || ' ' || pg_temp.p('assessment', 'feedback') || ' ' || jsonb_array_length(pg_temp.c() -> 'warnings'), '["heart", "lung"] COMPREHENSIVE 0', 'three predictions: pending then, certain, for the time around; each topic once, the most probable first');
DELETE FROM struggle_predictions WHERE id = 'q3';
SELECT is(pg_temp.p('content', 'topics') || ' ' || pg_temp.p('assessment', 'feedback'), '["heart", "lung"] STANDARD', 'two');
UPDATE struggle_predictions SET predicted_struggle_probability = 0.69 WHERE id = 'q1';
SELECT is(pg_temp.p('content', 'topics'), '["lung"]', 'topics from 0.7 on');
-- i8 is of none of these predictions
INSERT INTO intervention_recommendations (id, user_id, prediction_id, intervention_type, description, reasoning, priority, status, applied_at, created_at)
SELECT v.id, 'ann', v.prediction, 'BREAK_RECOMMENDATION', 'rest', 'r', v.priority, v.status, v.applied::timestamptz, v.created::timestamptz
FROM (VALUES
    ('i1', 'q1', 7,  'PENDING',     NULL, '2025-12-16 12:00+00'),
    ('i2', 'q1', 9,  'IN_PROGRESS', '2026-03-16 12:00:00.000001+00', '2026-03-16 12:00+00'),
    ('i8', 'n1', 10, 'PENDING',     NULL, '2026-03-10 12:00+00'),
    ('i3', 'q2', 6,  'PENDING',     NULL, '2026-03-10 12:00+00'),
    ('i4', 'q2', 10, 'IN_PROGRESS', '2026-03-16 12:00+00', '2026-03-10 12:00+00'),
    ('i5', 'q2', 10, 'PENDING',     NULL, '2025-12-16 11:59:59.999999+00'),
    ('i6', 'q2', 10, 'PENDING',     NULL, '2026-03-16 12:00:00.000001+00')) AS v (id, prediction, priority, status, applied, created);
SELECT is(pg_temp.p('mission', 'interventions')::jsonb, '[{"id": "i2", "prediction_id": "q1", "intervention_type": "BREAK_RECOMMENDATION", "description": "rest", "priority": 9}, {"id": "i1", "prediction_id": "q1", "intervention_type": "BREAK_RECOMMENDATION", "description": "rest", "priority": 7}]'::jsonb, 'their interventions: pending then, of 90 days, from priority 7 on');
INSERT INTO intervention_recommendations (id, user_id, prediction_id, intervention_type, description, reasoning, priority, status, created_at) VALUES ('j3', 'ann', 'q2', 'BREAK_RECOMMENDATION', 'rest', 'r', 7, 'PENDING', '2026-03-11 12:00+00'), ('j2', 'ann', 'q2', 'BREAK_RECOMMENDATION', 'rest', 'r', 7, 'PENDING', '2026-03-12 12:00+00'), ('j1', 'ann', 'q2', 'BREAK_RECOMMENDATION', 'rest', 'r', 7, 'PENDING', '2026-03-11 12:00+00');
SELECT is((SELECT string_agg(i ->> 'id', ' ') FROM jsonb_array_elements(pg_temp.p('mission', 'interventions')::jsonb) i), 'i2 j2 j1', 'three of them: by priority, the newest, id');
-- five predictions at most, the most probable: q2, the least probable of six, is not among them
INSERT INTO struggle_predictions (id, user_id, learning_objective_id, topic_id, predicted_struggle_probability, prediction_confidence, struggling_factors, prediction_date, predicted_at)
SELECT 'z' || g, 'ann', 'o', 't' || g, 0.8, 0.9, '{}', '2026-03-20 12:00+00', '2026-03-14 12:00+00' FROM generate_series(1, 4) g;
SELECT is(pg_temp.p('content', 'topics'), '["t1", "t2", "t3", "t4", "lung"]', 'of 6 predictions 5');
INSERT INTO struggle_predictions (id, user_id, learning_objective_id, topic_id, predicted_struggle_probability, prediction_confidence, struggling_factors, prediction_date, predicted_at) VALUES ('z5', 'ann', 'o', NULL, 0.8, 0.9, '{}', '2026-03-20 12:00+00', '2026-03-14 12:00+00');
SELECT is(pg_temp.p('content', 'topics'), '["t1", "t2", "t3", "t4"]', 'one without a topic');

-- active configurations: the newest of the context, in force then
INSERT INTO personalization_configs (id, user_id, preferences_id, context, strategy_variant, is_active, activated_at, deactivated_at) VALUES
    ('c1', 'ann', 'p1', 'MISSION', 'balanced', true, '2026-03-01 12:00+00', NULL), ('c2', 'ann', 'p1', 'MISSION', 'balanced', true, '2026-03-02 12:00+00', NULL), ('c3', 'ann', 'p1', 'MISSION', 'balanced', true, '2026-03-02 12:00+00', NULL),
    ('c4', 'ann', 'p1', 'CONTENT', 'balanced', false, '2000-01-01 00:00+00', '2026-03-16 12:00:00.000001+00'), ('c5', 'ann', 'p1', 'ASSESSMENT', 'balanced', false, '2026-03-02 12:00+00', '2026-03-16 12:00+00'),
    ('c6', 'ann', 'p1', 'SESSION', 'balanced', true, '2026-03-16 12:00+00', NULL), ('c7', 'ann', 'p1', 'SESSION', 'balanced', true, '2026-03-16 12:00:00.000001+00', NULL),
    ('c8', 'ann', 'p1', 'MISSION', 'balanced', false, '2026-03-10 12:00+00', NULL), ('c9', 'ann', 'p1', 'MISSION', 'balanced', true, '2026-03-10 12:00+00', '2026-03-11 12:00+00');
SELECT is((SELECT string_agg(coalesce(pg_temp.c() #>> ARRAY[k, 'active_config_id'], '-'), ' ' ORDER BY n) FROM unnest('{mission,content,assessment,session}'::text[]) WITH ORDINALITY AS u (k, n)), 'c3 c4 - c6', 'what is in force');
UPDATE personalization_configs SET context = CASE context WHEN 'ASSESSMENT' THEN 'CONTENT' WHEN 'CONTENT' THEN 'ASSESSMENT' ELSE context END;
SELECT is((SELECT string_agg(coalesce(pg_temp.c() #>> ARRAY[k, 'active_config_id'], '-'), ' ' ORDER BY n) FROM unnest('{mission,content,assessment,session}'::text[]) WITH ORDINALITY AS u (k, n)), 'c3 - c4 c6', 'by context');
INSERT INTO personalization_configs (id, user_id, preferences_id, context, strategy_variant, is_active, activated_at) VALUES
    ('d1', 'ann', 'p1', 'CONTENT', 'balanced', true, '2026-03-10 12:00+00'), ('d3', 'ann', 'p1', 'CONTENT', 'balanced', true, '2026-03-11 12:00+00'), ('d2', 'ann', 'p1', 'CONTENT', 'balanced', true, '2026-03-11 12:00+00'),
    ('d6', 'ann', 'p1', 'ASSESSMENT', 'balanced', true, '2026-03-11 12:00+00'), ('d5', 'ann', 'p1', 'ASSESSMENT', 'balanced', true, '2026-03-11 12:00+00'), ('d4', 'ann', 'p1', 'SESSION', 'balanced', true, '2026-03-16 12:00+00'), ('d7', 'ann', 'p1', 'SESSION', 'balanced', true, '2026-03-15 12:00+00');
SELECT is((SELECT string_agg(coalesce(pg_temp.c() #>> ARRAY[k, 'active_config_id'], '-'), ' ' ORDER BY n) FROM unnest('{mission,content,assessment,session}'::text[]) WITH ORDINALITY AS u (k, n)), 'c3 d3 d6 d4', 'the newest, then the last id');

-- a read: no write, no path needed
SELECT md5(pg_temp.c()::text) AS before \gset
SET default_transaction_read_only = on;
SET search_path = '';
SELECT pg_catalog.md5(btwin_api.personalization_config(as_of => :t)::pg_catalog.text) AS after \gset
RESET search_path;
RESET default_transaction_read_only;
SELECT is(:'after'::text, :'before', 'read-only, with an empty path, the same answer');
SELECT * FROM finish();
