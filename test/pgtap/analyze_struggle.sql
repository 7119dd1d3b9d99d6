-- Predictions as the analysis stores them: for what, from what, with which signs and
-- interventions, and that nothing is written twice.
\set QUIET on
SET client_min_messages = warning;
SET DateStyle = 'ISO, YMD';
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS btwin;
SELECT plan(82);
SET timezone = 'UTC';
CREATE TEMP TABLE attached AS SELECT * FROM btwin.attach('public');

-- Every row of the tables it writes, where it lies: a row that is written over lies elsewhere
CREATE FUNCTION pg_temp.rows_now() RETURNS text LANGUAGE sql AS $$
SELECT md5(concat_ws('|', (SELECT string_agg(t.ctid::text || t::text, ',' ORDER BY t.id) FROM struggle_predictions t), (SELECT string_agg(t.ctid::text || t::text, ',' ORDER BY t.id) FROM struggle_indicators t),
    (SELECT string_agg(t.ctid::text || t::text, ',' ORDER BY t.id) FROM intervention_recommendations t), (SELECT string_agg(t.ctid::text || t::text, ',' ORDER BY t.id) FROM insight_notifications t),
    (SELECT string_agg(t.ctid::text || t::text, ',' ORDER BY t::text) FROM btwin.prediction_history t), (SELECT string_agg(t.ctid::text || t::text, ',' ORDER BY t::text) FROM btwin.provenance t)))
$$;

-- Candidates. In Tokyo the moment, 12:00 UTC, is 21:00 of 16 March; the day began at 15:00 UTC of the 15th, the last of two days ahead begins
-- at 15:00 of the 17th and ends at 15:00 of the 18th.
INSERT INTO users (id) VALUES ('tom'), ('ann'), ('bob'), ('one'), ('app'), ('eve');
INSERT INTO btwin.learner (user_id, time_zone) VALUES ('tom', 'Asia/Tokyo'), ('ann', 'UTC'), ('app', 'UTC');
INSERT INTO courses (id, user_id, name) VALUES ('kt', 'tom', 'Course'), ('kx', 'tom', 'Examined'), ('k1', 'ann', 'Anatomy'), ('k2', 'ann', 'Biology'), ('kb', 'bob', 'Botany'), ('ko', 'one', 'One'), ('ka', 'app', 'App');
INSERT INTO lectures (id, user_id, course_id, title, file_name, file_url, file_size)
SELECT 'v' || k.id, k.user_id, k.id, 't', 'f', 'u', 1 FROM courses k;
INSERT INTO learning_objectives (id, lecture_id, objective, extracted_by, created_at, mastery_level, weakness_score, is_high_yield)
SELECT 't' || n, 'vkt', 'o', 'x', '2026-03-16 12:00+00', 'BEGINNER', 0.1, false FROM generate_series(1, 9) n;
INSERT INTO missions (id, user_id, date, status, estimated_minutes, completed_at, objectives) VALUES
    ('m1', 'tom', '2026-03-15 15:00+00', 'PENDING', 30, NULL, '[{"id": "t1"}]'),
    ('m2', 'tom', '2026-03-15 14:59:59.999999+00', 'PENDING', 30, NULL, '[{"id": "t2"}]'),
    ('m3', 'tom', '2026-03-18 14:59:59.999999+00', 'IN_PROGRESS', 30, NULL, '[{"objectiveId": "t3"}, {"id": "t1"}, {"id": "ob"}]'),
    ('m4', 'tom', '2026-03-18 15:00+00', 'PENDING', 30, NULL, '[{"id": "t4"}]'),
    ('m5', 'tom', '2026-03-17', 'COMPLETED', 30, '2026-03-16 12:00:00.000001+00', '[{"objective": {"id": "t5"}}]'),
    ('m6', 'tom', '2026-03-17', 'COMPLETED', 30, '2026-03-16 12:00+00', '[{"id": "t6"}]'),
    ('m7', 'tom', '2026-03-17', 'SKIPPED', 30, NULL, '[{"id": "t7"}]'),
    ('m8', 'tom', '2026-03-17', 'PENDING', 30, NULL, '{"id": "t8"}');
-- t1 today, again on the 18th: the earlier counts; t3 on the last day; t5 in a mission that was open then
SELECT is((SELECT string_agg(concat_ws(' ', objective_id, prediction_date AT TIME ZONE 'UTC', due), ', ' ORDER BY objective_id) FROM btwin._prediction_candidates('tom', '2026-03-16 12:00+00', 2) WHERE due <> 'horizon'),
          't1 2026-03-15 15:00:00 mission, t3 2026-03-18 14:59:59.999999 mission, t5 2026-03-17 00:00:00 mission', 'objectives of open missions, from today to the end of the last day');
SELECT is((SELECT string_agg(DISTINCT concat_ws(' ', prediction_date AT TIME ZONE 'UTC', due), ', ') || ' ' || count(*) FROM btwin._prediction_candidates('tom', '2026-03-16 12:00+00', 2) WHERE objective_id NOT IN ('t1', 't3', 't5')),
          '2026-03-17 15:00:00 horizon 6', 'the others for the day that the horizon ends with');
SELECT is((SELECT count(*) FROM btwin._prediction_candidates('tom', '2026-03-16 11:59:59.999999+00', 2)), 0::bigint, 'a microsecond before they were not there');
SELECT is((SELECT string_agg(objective_id, ' ' ORDER BY objective_id) FROM btwin._prediction_candidates('tom', '2026-03-16 12:00+00', 3) WHERE due = 'mission'), 't1 t3 t4 t5', 'a day more');
-- ten others: weakest first, of those the high-yield ones, then by id; the mastered are none
UPDATE learning_objectives SET mastery_level = 'MASTERED' WHERE id IN ('t1', 't2');
INSERT INTO learning_objectives (id, lecture_id, objective, extracted_by, created_at, mastery_level, weakness_score, is_high_yield)
VALUES ('w1', 'vkx', 'o', 'x', '2026-03-01', 'ADVANCED', 0.9, false), ('w2', 'vkx', 'o', 'x', '2026-03-01', 'NOT_STARTED', 0.5, true), ('w3', 'vkx', 'o', 'x', '2026-03-01', 'NOT_STARTED', 0.5, false),
       ('t91', 'vkt', 'o', 'x', '2026-03-01', 'NOT_STARTED', 0.1, true), ('t92', 'vkt', 'o', 'x', '2026-03-01', 'NOT_STARTED', 0.05, true), ('t93', 'vkt', 'o', 'x', '2026-03-01', 'NOT_STARTED', 0.5, false);
-- w1 .9, w2 .5 high, t93 w3 .5, t91 .1 high, t4 t6 t7 t8 t9 .1: ten; t92 .05 is the eleventh
SELECT is((SELECT string_agg(objective_id, ' ' ORDER BY objective_id) FROM btwin._prediction_candidates('tom', '2026-03-16 12:00+00', 2)), 't1 t3 t4 t5 t6 t7 t8 t9 t91 t93 w1 w2 w3', 'the ten weakest of the others');
UPDATE learning_objectives SET is_high_yield = true, weakness_score = 0.1 WHERE id = 't92';
SELECT is((SELECT string_agg(objective_id, ' ' ORDER BY objective_id) FROM btwin._prediction_candidates('tom', '2026-03-16 12:00+00', 2)), 't1 t3 t4 t5 t6 t7 t8 t91 t92 t93 w1 w2 w3', 'of equals the high-yield ones first, then by id');
INSERT INTO exams (id, user_id, name, date, course_id, created_at) VALUES
    ('x1', 'tom', 'before', '2026-03-16 11:59:59.999999+00', 'kx', '2026-03-01'), ('x2', 'tom', 'too far', '2026-03-18 15:00+00', 'kx', '2026-03-01'), ('x3', 'tom', 'not known yet', '2026-03-17 10:00+00', 'kx', '2026-03-16 12:00:00.000001+00');
SELECT is((SELECT count(*) FROM btwin._prediction_candidates('tom', '2026-03-16 12:00+00', 2) WHERE due = 'exam'), 0::bigint, 'no exam that is over, too far or not known yet');
INSERT INTO exams (id, user_id, name, date, course_id, created_at) VALUES ('x4', 'tom', 'last', '2026-03-18 14:59:59.999999+00', 'kx', '2026-03-16 12:00+00');
SELECT is((SELECT string_agg(concat_ws(' ', objective_id, prediction_date AT TIME ZONE 'UTC'), ', ' ORDER BY objective_id) FROM btwin._prediction_candidates('tom', '2026-03-16 12:00+00', 2) WHERE due = 'exam'),
          'w1 2026-03-18 14:59:59.999999, w2 2026-03-18 14:59:59.999999, w3 2026-03-18 14:59:59.999999', 'the next exam of the course');
INSERT INTO exams (id, user_id, name, date, course_id, created_at) VALUES ('x5', 'tom', 'now', '2026-03-16 12:00+00', 'kx', '2026-03-01'), ('x6', 'tom', 'now', '2026-03-16 12:00+00', 'kt', '2026-03-01');
SELECT is((SELECT string_agg(DISTINCT concat_ws(' ', due, prediction_date AT TIME ZONE 'UTC'), ', ') FROM btwin._prediction_candidates('tom', '2026-03-16 12:00+00', 2) WHERE due = 'exam'), 'exam 2026-03-16 12:00:00', 'one that begins now');
SELECT is((SELECT due FROM btwin._prediction_candidates('tom', '2026-03-16 12:00+00', 2) WHERE objective_id = 't3'), 'mission', 'a mission before an exam');

-- Signs and remedies: a quantity at the limit is none
SELECT is((SELECT string_agg(concat_ws(' ', indicator_type, feature, round(value::numeric, 3), severity), ', ' ORDER BY indicator_type) FROM btwin._struggle_signs(btwin.struggle_vector(retention_score => 0.5, prerequisite_gap_count => 0.5,
    complexity_mismatch => 0.5, historical_struggle_score => 0.5, cognitive_load_indicator => 0.5))), NULL, 'no signs at 0.5');
SELECT is((SELECT string_agg(concat_ws(' ', indicator_type, feature, round(value::numeric, 3), severity), ', ' ORDER BY indicator_type) FROM btwin._struggle_signs(btwin.struggle_vector(retention_score => 0.499, prerequisite_gap_count => 0.501,
    complexity_mismatch => 0.501, historical_struggle_score => 0.501, cognitive_load_indicator => 0.501))),
    'COGNITIVE_OVERLOAD cognitive_load_indicator 0.501 MEDIUM, COMPLEXITY_MISMATCH complexity_mismatch 0.501 MEDIUM, HISTORICAL_STRUGGLE_PATTERN historical_struggle_score 0.501 MEDIUM, LOW_RETENTION retention_score 0.501 MEDIUM, PREREQUISITE_GAP prerequisite_gap_count 0.501 MEDIUM', 'five above it');
SELECT is((SELECT string_agg(severity, ' ' ORDER BY value) FROM btwin._struggle_signs(btwin.struggle_vector(prerequisite_gap_count => 0.7, complexity_mismatch => 0.701))), 'MEDIUM HIGH', 'HIGH above 0.7');
SELECT is((SELECT count(*) FROM btwin._struggle_signs(btwin.struggle_vector())), 0::bigint, 'what is not known is no sign');
SELECT is((SELECT count(*) FROM btwin._struggle_remedies(btwin.struggle_vector(prerequisite_gap_count => 0.5, complexity_mismatch => 0.6, cognitive_load_indicator => 0.6, historical_struggle_score => 0.6, session_performance_score => 0.1))), 0::bigint, 'no remedy at the limits');
SELECT is((SELECT string_agg(concat_ws(' ', intervention_type, priority, value), ', ' ORDER BY intervention_type) FROM btwin._struggle_remedies(btwin.struggle_vector(prerequisite_gap_count => 0.51, complexity_mismatch => 0.61, cognitive_load_indicator => 0.7,
    historical_struggle_score => 0.62, session_performance_score => 0.59))),
    'BREAK_SCHEDULE_ADJUST 5 0.7, DIFFICULTY_PROGRESSION 8 0.61, PREREQUISITE_REVIEW 9 0.51, SPACED_REPETITION_BOOST 6 0.62', 'above them, breaks where results suffer');
SELECT is((SELECT string_agg(concat_ws(' ', intervention_type, priority, value), ', ' ORDER BY intervention_type) FROM btwin._struggle_remedies(btwin.struggle_vector(cognitive_load_indicator => 0.71, session_performance_score => 0.6))), 'COGNITIVE_LOAD_REDUCE 8 0.71', 'less load from 0.7 on');
SELECT is((SELECT count(*) FROM btwin._struggle_remedies(btwin.struggle_vector(cognitive_load_indicator => 0.65))), 0::bigint, 'results that are not known do not suffer');

-- Ann, UTC. o1 is advanced and needs o3, of which nothing is known; a load of 85 and a session, both a day ago. A mission with o1 on the 18th, an exam of k2.
INSERT INTO learning_objectives (id, lecture_id, objective, extracted_by, complexity, created_at) VALUES ('o1', 'vk1', 'Heart', 'x', 'ADVANCED', '2026-01-01'), ('o3', 'vk1', 'Cell', 'x', 'BASIC', '2026-01-01'),
    ('o4', 'vk2', 'Leaf', 'x', 'INTERMEDIATE', '2026-01-01'), ('ob', 'vkb', 'Moss', 'x', 'BASIC', '2026-01-01'), ('oo', 'vko', 'One', 'x', 'BASIC', '2026-01-01'), ('oa', 'vka', 'App', 'x', 'BASIC', '2026-01-01');
INSERT INTO objective_prerequisites (id, objective_id, prerequisite_id) VALUES ('q1', 'o1', 'o3');
INSERT INTO missions (id, user_id, date, status, estimated_minutes, objectives) VALUES ('ma', 'ann', '2026-03-18', 'PENDING', 60, '[{"id": "o1"}]');
INSERT INTO exams (id, user_id, name, date, course_id, created_at) VALUES ('xa', 'ann', 'Exam', '2026-03-20 12:00+00', 'k2', '2026-01-01');
INSERT INTO cognitive_load_metrics (id, user_id, load_score, stress_indicators, confidence_level, timestamp) VALUES ('l1', 'ann', 85, '[]', 0.5, '2026-03-15 12:00+00'), ('l2', 'app', 50, '[]', 0.5, '2026-03-15 12:00+00');
INSERT INTO study_sessions (id, user_id, started_at, completed_at) VALUES ('s1', 'ann', '2026-03-15 12:00+00', '2026-03-15 12:30+00'), ('so', 'one', '2026-03-15 12:00+00', '2026-03-15 12:30+00');
INSERT INTO user_learning_profiles (id, user_id, preferred_study_times, average_session_duration, optimal_session_duration, content_preferences, learning_style_profile, personalized_forgetting_curve)
VALUES ('p1', 'ann', '[{"dayOfWeek": -1, "startHour": 9, "endHour": 11}, {"dayOfWeek": -1, "startHour": 20, "endHour": 22}]', 40, 45, '{}', '{}', '{}');
SET timezone = 'America/New_York'; SET DateStyle = 'German';   -- nothing depends on them
SELECT is(btwin._analyze_struggle('ann', '2026-03-16 12:00+00'), '{"predictions": 3, "interventions": 2}', 'three objectives are predicted, of one something is done');
SET timezone = 'UTC'; SET DateStyle = 'ISO, YMD';
-- o1: mastery of the prerequisite 0, its own 0.5 where no card was seen: 0.9 - 0.5; no exam in its course within 90 days: 1; a day of 30
SELECT is((SELECT round(p.predicted_struggle_probability::numeric, 12) || ' ' || round(p.prediction_confidence::numeric, 12) FROM struggle_predictions p WHERE learning_objective_id = 'o1'),
          (SELECT round(e.probability::numeric, 12) || ' ' || round(e.confidence::numeric, 12)
           FROM btwin.predict(btwin.struggle_model(), btwin.struggle_vector(prerequisite_gap_count => 1, prerequisite_mastery_gap => 1, content_complexity => 0.9, complexity_mismatch => 0.4, cognitive_load_indicator => 0.85,
                              days_until_exam => 1, days_since_last_study => 1 / 30.0::float8)) e), 'the probability of the model for these features');
SELECT is((SELECT string_agg(concat_ws(' ', learning_objective_id, topic_id, prediction_status, prediction_date AT TIME ZONE 'UTC', predicted_at AT TIME ZONE 'UTC', struggling_factors ->> 'due', intervention_applied), ', ' ORDER BY learning_objective_id) FROM struggle_predictions WHERE user_id = 'ann'),
          'o1 k1 PENDING 2026-03-18 00:00:00 2026-03-16 12:00:00 mission f, o3 k1 PENDING 2026-03-23 00:00:00 2026-03-16 12:00:00 horizon f, o4 k2 PENDING 2026-03-20 12:00:00 2026-03-16 12:00:00 exam f', 'of which course, for which day and why');
SELECT is((SELECT feature_vector FROM struggle_predictions WHERE learning_objective_id = 'o1') - 'days_since_last_study'::text,
          (SELECT jsonb_object_agg(feature, NULL) - 'days_since_last_study'::text FROM btwin.struggle_features()) || '{"prerequisite_gap_count": 1, "prerequisite_mastery_gap": 1, "content_complexity": 0.9, "complexity_mismatch": 0.4, "cognitive_load_indicator": 0.85, "days_until_exam": 1}', 'features by name');
SELECT is((SELECT struggling_factors FROM struggle_predictions WHERE learning_objective_id = 'o1') - 'confidence'::text, '{"due": "mission", "indicators": ["PREREQUISITE_GAP", "COGNITIVE_OVERLOAD"]}', 'and what speaks for it');
SELECT is((SELECT struggling_factors -> 'confidence' FROM struggle_predictions WHERE learning_objective_id = 'o1'), (SELECT to_jsonb(prediction_confidence) FROM struggle_predictions WHERE learning_objective_id = 'o1'), 'with its confidence');
-- o4: 4 days of 90
SELECT is((SELECT round((feature_vector ->> 'days_until_exam')::numeric, 6) FROM struggle_predictions WHERE learning_objective_id = 'o4'), round(4 / 90.0, 6), 'days to the exam');
SELECT is((SELECT count(*) FROM struggle_predictions p JOIN btwin.prediction_history h ON h.user_id = 'ann' AND h.prediction_id = p.id AND h.computed_for = '2026-03-16 12:00+00' AND h.probability = p.predicted_struggle_probability
             AND h.confidence = p.prediction_confidence AND h.prediction_date = p.prediction_date AND h.feature_vector = p.feature_vector AND h.method = 'btwin' AND h.version = 'struggle-1'
           JOIN btwin.provenance v ON v.user_id = 'ann' AND v.kind = 'struggle_predictions' AND v.id = p.id AND v.method = 'btwin' AND v.version = 'struggle-1' AND v.computed_for = h.computed_for AND v.low = h.low AND v.high = h.high
             -- the load and the session
             AND v.evidence_count = 2
           JOIN btwin.predict(btwin.struggle_model(), btwin.stored_struggle_vector(p.feature_vector)) e ON abs(e.low - h.low) < 1e-12 AND abs(e.high - h.high) < 1e-12), 3::bigint, 'each with its history and provenance');
SELECT is((SELECT string_agg(concat_ws(' ', learning_objective_id, indicator_type, severity, context, detected_at AT TIME ZONE 'UTC'), ', ' ORDER BY learning_objective_id, indicator_type) FROM struggle_indicators),
          'o1 COGNITIVE_OVERLOAD HIGH {"value": 0.85, "feature": "cognitive_load_indicator"} 2026-03-16 12:00:00, o1 PREREQUISITE_GAP HIGH {"value": 1, "feature": "prerequisite_gap_count"} 2026-03-16 12:00:00, '
          || 'o3 COGNITIVE_OVERLOAD HIGH {"value": 0.85, "feature": "cognitive_load_indicator"} 2026-03-16 12:00:00, o4 COGNITIVE_OVERLOAD HIGH {"value": 0.85, "feature": "cognitive_load_indicator"} 2026-03-16 12:00:00', 'signs');
-- o1 alone is at 0.6 and more
SELECT is((SELECT string_agg(learning_objective_id, ' ') FROM struggle_predictions WHERE predicted_struggle_probability >= 0.6), 'o1', 'one of them is probable enough');
SELECT is((SELECT string_agg(concat_ws('/', i.intervention_type, i.priority, i.status, i.related_objective_id, i.created_at AT TIME ZONE 'UTC', i.description, i.reasoning), E'\n' ORDER BY i.priority DESC) FROM intervention_recommendations i JOIN struggle_predictions p ON p.id = i.prediction_id),
          format(E'PREREQUISITE_REVIEW/9/PENDING/o1/2026-03-16 12:00:00/One or two days before "Heart", review what it builds on, 15 minutes for each. A good time for it: 9 to 11 o''clock./Probability of a struggle %1$s %%. 100 %% of what it builds on is not known well enough.\n'
                 || 'COGNITIVE_LOAD_REDUCE/8/PENDING/o1/2026-03-16 12:00:00/Halve the mission with "Heart", with a break every 20 minutes and at most 5 new cards. Sessions of 45 minutes suit you. A good time for it: 9 to 11 o''clock./Probability of a struggle %1$s %%. The load of the last week is 85 of 100.',
                 (SELECT round(100 * predicted_struggle_probability::numeric) FROM struggle_predictions WHERE learning_objective_id = 'o1')), 'tailored to the learner');
SELECT is((SELECT string_agg(concat_ws(' ', v.method, v.version, v.computed_for AT TIME ZONE 'UTC', v.evidence_count), ', ') FROM btwin.provenance v JOIN intervention_recommendations i ON i.id = v.id WHERE v.kind = 'intervention_recommendations'),
          'btwin intervention-1 2026-03-16 12:00:00 2, btwin intervention-1 2026-03-16 12:00:00 2', 'and marked as of btwin');
SELECT is((SELECT concat_ws('/', n.notification_type, n.title, n.message, n.priority, n.related_entity_type, n.related_entity_id = i.id, n.created_at AT TIME ZONE 'UTC', count(*) OVER ()) FROM insight_notifications n, intervention_recommendations i WHERE i.priority = 9),
          'INTERVENTION_SUGGESTED/Help with what may get hard/Interventions suggested: 2. To begin with: One or two days before "Heart", review what it builds on, 15 minutes for each. A good time for it: 9 to 11 o''clock./HIGH/intervention/t/2026-03-16 12:00:00/1', 'one notification of both');

-- Again
SELECT pg_temp.rows_now() AS before \gset
SELECT is(btwin._analyze_struggle('ann', '2026-03-16 12:00+00'), '{"predictions": 0, "interventions": 0}', 'the same moment again: nothing');
SELECT is(pg_temp.rows_now(), :'before', 'no row is written, and none over');
-- an hour later the day since the last session is 25/24 days: less than 0.01; the horizon still ends with the 23rd
SELECT is(btwin._analyze_struggle('ann', '2026-03-16 13:00+00'), '{"predictions": 0, "interventions": 0}', 'what has hardly changed stays');
-- on the next day the horizon ends with the 24th: what was predicted for the 23rd still lies ahead
SELECT is(btwin._analyze_struggle('ann', '2026-03-17 12:00+00'), '{"predictions": 0, "interventions": 0}', 'also what is for the end of a horizon');
SELECT is(pg_temp.rows_now(), :'before', 'no row is written');
-- less load: other values in place, COGNITIVE_OVERLOAD at (85 + 35)/2 = 60 is MEDIUM
INSERT INTO cognitive_load_metrics (id, user_id, load_score, stress_indicators, confidence_level, timestamp) VALUES ('l3', 'ann', 35, '[]', 0.5, '2026-03-17 12:30+00');
CREATE TEMP TABLE was AS SELECT * FROM struggle_predictions;
SELECT is(btwin._analyze_struggle('ann', '2026-03-17 13:00+00'), '{"predictions": 3, "interventions": 0}', 'other values; interventions are there already');
SELECT is((SELECT count(*) FROM struggle_predictions p JOIN was w USING (id) WHERE p.learning_objective_id = w.learning_objective_id AND p.predicted_struggle_probability < w.predicted_struggle_probability - 0.01 AND p.predicted_at = '2026-03-17 13:00+00'), 3::bigint, 'in place');
SELECT is((SELECT string_agg(concat_ws(' ', computed_for AT TIME ZONE 'UTC', (SELECT count(*) FROM was w WHERE w.id = h.prediction_id AND w.predicted_struggle_probability = h.probability)), ', ' ORDER BY computed_for) FROM btwin.prediction_history h JOIN struggle_predictions p ON p.id = h.prediction_id AND p.learning_objective_id = 'o1'),
          '2026-03-16 12:00:00 1, 2026-03-17 13:00:00 0', 'with the earlier value in its history');
SELECT is((SELECT string_agg(concat_ws(' ', indicator_type, severity, detected_at AT TIME ZONE 'UTC'), ', ' ORDER BY indicator_type, detected_at) FROM struggle_indicators WHERE learning_objective_id = 'o1'),
          'COGNITIVE_OVERLOAD HIGH 2026-03-16 12:00:00, COGNITIVE_OVERLOAD MEDIUM 2026-03-17 13:00:00, PREREQUISITE_GAP HIGH 2026-03-16 12:00:00', 'a sign of another severity is told again, one of the same not');
INSERT INTO struggle_indicators (id, user_id, learning_objective_id, prediction_id, indicator_type, severity) SELECT 'theirs', 'ann', 'o1', id, 'BEHAVIORAL', 'LOW' FROM struggle_predictions WHERE learning_objective_id = 'o1';
INSERT INTO cognitive_load_metrics (id, user_id, load_score, stress_indicators, confidence_level, timestamp) VALUES ('l4', 'ann', 0, '[]', 0.5, '2026-03-17 13:30+00');
-- (85 + 35 + 0)/3 = 40
SELECT btwin._analyze_struggle('ann', '2026-03-17 14:00+00') \g /dev/null
SELECT is((SELECT string_agg(indicator_type, ' ' ORDER BY indicator_type) FROM struggle_indicators WHERE learning_objective_id = 'o1'), 'BEHAVIORAL PREREQUISITE_GAP', 'a sign that is gone goes, but not one of the application');
-- earlier than what is known: not touched; later than its decision neither
SELECT pg_temp.rows_now() AS before \gset
SELECT is(btwin._analyze_struggle('ann', '2026-03-17 13:59:59.999999+00'), '{"predictions": 0, "interventions": 0}', 'what was worked out later stands');
SELECT is(pg_temp.rows_now(), :'before', 'and nothing is written');
UPDATE struggle_predictions SET prediction_status = 'CONFIRMED', actual_outcome = true, actual_outcome_recorded_at = '2026-03-18 12:00+00' WHERE learning_objective_id = 'o1';
UPDATE struggle_predictions SET prediction_status = 'DISMISSED', prediction_date = '2026-03-18' WHERE learning_objective_id = 'o3';
UPDATE missions SET objectives = '[{"id": "o3"}]';
SELECT is((btwin._analyze_struggle('ann', '2026-03-18 11:59:59.999999+00') ->> 'predictions')::int + (SELECT count(*) FROM struggle_predictions WHERE learning_objective_id IN ('o1', 'o3')), 2::bigint, 'decided later, dismissed for today: nothing of either');
SELECT btwin._analyze_struggle('ann', '2026-03-19 12:00+00') \g /dev/null
SELECT is((SELECT string_agg(learning_objective_id || ' ' || prediction_status, ', ' ORDER BY learning_objective_id, prediction_status) FROM struggle_predictions WHERE user_id = 'ann'), 'o1 CONFIRMED, o1 PENDING, o3 DISMISSED, o3 PENDING, o4 PENDING', 'what is decided stays, and is predicted anew');

-- the end of a horizon: kept until it has come, or lies beyond a shorter one; not what was a mission's day
CREATE FUNCTION pg_temp.day_of(objective text, moment timestamptz, days int) RETURNS text LANGUAGE sql AS $$
SELECT d.prediction_date AT TIME ZONE 'UTC' || ' ' || d.action FROM btwin._draft_predictions('ann', moment, days, 'btwin', btwin.struggle_model()) f, unnest(f.drafts) d WHERE d.objective_id = objective
$$;
UPDATE struggle_predictions SET prediction_date = '2026-03-23', struggling_factors = '{"due": "horizon"}' WHERE learning_objective_id = 'o1' AND prediction_status = 'PENDING';
SELECT matches(pg_temp.day_of('o1', '2026-03-22 12:00+00', 1), '^2026-03-23', 'the day it was predicted for');
SELECT matches(pg_temp.day_of('o1', '2026-03-22 23:59:59.999999+00', 7), '^2026-03-23', 'as long as it lies ahead');
SELECT matches(pg_temp.day_of('o1', '2026-03-23 00:00+00', 7), '^2026-03-30.* again', 'then the end of the new horizon');
SELECT matches(pg_temp.day_of('o1', '2026-03-20 12:00+00', 2), '^2026-03-22.* again', 'or where it lies beyond it');
UPDATE struggle_predictions SET struggling_factors = '{"due": "mission"}' WHERE learning_objective_id = 'o1' AND prediction_status = 'PENDING';
SELECT matches(pg_temp.day_of('o1', '2026-03-21 12:00+00', 7), '^2026-03-28.* again', 'or where it was the day of a mission');

-- a probability that moved by 0.01 and no more
SELECT btwin._analyze_struggle('one', '2026-03-16 12:00+00') AS found, btwin._analyze_struggle('eve', '2026-03-16 12:00+00') AS nothing, btwin._analyze_struggle('bob', '2026-03-16 12:00+00') AS unknown \gset
SELECT is(:'found'::jsonb, '{"predictions": 1, "interventions": 0}', 'of a learner with one session');
SELECT is(:'nothing'::jsonb, '{"predictions": 0, "interventions": 0}', 'of one without objectives');
SELECT is(:'unknown'::jsonb, '{"predictions": 0, "interventions": 0}', 'of one without a row that tells anything');
SELECT is((SELECT concat_ws(' ', candidates, skipped, drafts) FROM btwin._draft_predictions('bob', '2026-03-16 12:00+00', 7, 'btwin', btwin.struggle_model())), '1 1', 'whose objective is left out');
SELECT predicted_struggle_probability AS p FROM struggle_predictions WHERE learning_objective_id = 'oo' \gset
CREATE FUNCTION pg_temp.action(p float8, method text DEFAULT 'btwin') RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    UPDATE struggle_predictions SET predicted_struggle_probability = p WHERE learning_objective_id = 'oo';
    RETURN (SELECT d.action FROM btwin._draft_predictions('one', '2026-03-16 12:00+00', 7, method, btwin.struggle_model()) f, unnest(f.drafts) d);
END $$;
SELECT is(ARRAY[pg_temp.action(:p + 0.0099), pg_temp.action(:p - 0.0099), pg_temp.action(:p + 0.0101), pg_temp.action(:p - 0.0101)], '{kept,kept,again,again}', '0.01 either way');
SELECT is(pg_temp.action(:p, 'epic5'), 'again', 'or another rule');
UPDATE btwin.provenance SET version = 'struggle-0' WHERE user_id = 'one';
SELECT is(pg_temp.action(:p), 'again', 'or another version of it');
DELETE FROM btwin.provenance WHERE user_id = 'one';
SELECT is(pg_temp.action(:p), 'again', 'or what the application wrote');

-- What the application wrote: of two open ones the newer is worked out again, and what it said is kept
INSERT INTO struggle_predictions (id, user_id, learning_objective_id, predicted_struggle_probability, prediction_confidence, prediction_status, feature_vector, struggling_factors, prediction_date, predicted_at) VALUES
    ('a1', 'app', 'oa', 0.9, 0.5, 'PENDING', '{"retentionScore": 0.5}', '{}', '2026-03-10', '2026-03-09'), ('a2', 'app', 'oa', 0.8, 0.25, 'PENDING', '{"retentionScore": 0.25}', '{}', '2026-03-11', '2026-03-10');
SELECT is(btwin._analyze_struggle('app', '2026-03-16 12:00+00'), '{"predictions": 1, "interventions": 0}', 'no second prediction for an objective');
SELECT is((SELECT string_agg(concat_ws(' ', prediction_id, computed_for AT TIME ZONE 'UTC', method, version, CASE method WHEN 'application' THEN probability END, CASE method WHEN 'application' THEN confidence END,
                                       CASE method WHEN 'application' THEN feature_vector END, prediction_date AT TIME ZONE 'UTC'), ', ' ORDER BY computed_for) FROM btwin.prediction_history WHERE user_id = 'app'),
          'a2 2026-03-10 00:00:00 application application 0.8 0.25 {"retentionScore": 0.25} 2026-03-11 00:00:00, a2 2026-03-16 12:00:00 btwin struggle-1 2026-03-23 00:00:00', 'the newer one, and what it said before');
SELECT is((SELECT concat_ws(' ', predicted_struggle_probability, method) FROM btwin_api.predictions('app', as_of => '2026-03-12') WHERE id = 'a2'), '0.8 application', 'as it is listed for a moment before');
SELECT is((SELECT concat_ws(' ', predicted_struggle_probability, prediction_status) FROM struggle_predictions WHERE id = 'a1'), '0.9 PENDING', 'the older one stands');
-- in the same moment by another rule: one value of a moment
SELECT is((SELECT stored FROM btwin._draft_predictions('app', '2026-03-16 12:00+00', 7, 'epic5', NULL) f, btwin._store_predictions('app', '2026-03-16 12:00+00', 'epic5', f.drafts)), 1, 'by another rule');
SELECT is((SELECT string_agg(concat_ws(' ', h.method, h.version, h.low, v.method, v.version, v.low), ', ') FROM btwin.prediction_history h JOIN btwin.provenance v ON v.user_id = 'app' AND v.id = h.prediction_id WHERE h.prediction_id = 'a2' AND h.computed_for = '2026-03-16 12:00+00'),
          'epic5 epic5-1 epic5 epic5-1', 'one value of a moment, without an interval');
-- complexity 0.3, no gap, load 0.5, no exam (1.0), the rest as the reference takes it: no term, so the baseline 0.3 - 0.25 0.5 + 0.15 0.5 + 0.12 0.5 - 0.10 0.5 - 0.08 0.5 + 0.08 0.3
-- + 0.12 0.5 - 0.05 1 + 0.08 0.5 + 0.06 0.5 = 0.324; gaps, complexity, mismatch, history, type and exam are not 0.5: 7 of 15, 0.5 + 0.5 7/15
SELECT is((SELECT round(predicted_struggle_probability::numeric, 12) || ' ' || round(prediction_confidence::numeric, 3) FROM struggle_predictions WHERE id = 'a2'), '0.324000000000 0.733', 'the rule of the reference');
DELETE FROM btwin.prediction_history WHERE user_id = 'app';
ALTER TABLE struggle_predictions DROP CONSTRAINT struggle_predictions_predicted_struggle_probability_check;
UPDATE struggle_predictions SET predicted_struggle_probability = 1.5 WHERE id = 'a2';
SELECT btwin._analyze_struggle('app', '2026-03-16 13:00+00') \g /dev/null
SELECT is((SELECT string_agg(method, ' ') FROM btwin.prediction_history WHERE user_id = 'app'), 'btwin', 'what was no probability has no history');
-- Limits of what is proposed and told, by drafts made by hand
INSERT INTO users (id) VALUES ('lim');
INSERT INTO courses (id, user_id, name) VALUES ('kl', 'lim', 'Limits');
INSERT INTO lectures (id, user_id, course_id, title, file_name, file_url, file_size) VALUES ('vl', 'lim', 'kl', 't', 'f', 'u', 1);
INSERT INTO learning_objectives (id, lecture_id, objective, extracted_by) SELECT 'l' || n, 'vl', 'L' || n, 'x' FROM generate_series(1, 7) n;
INSERT INTO user_learning_profiles (id, user_id, preferred_study_times, average_session_duration, optimal_session_duration, content_preferences, learning_style_profile, personalized_forgetting_curve)
VALUES ('p2', 'lim', '[{"start_hour": 22, "end_hour": 24}]', 40, 45, '{}', '{}', '{}');
CREATE FUNCTION pg_temp.store(n int, p float8, x float8[], moment timestamptz DEFAULT '2026-03-16 12:00+00') RETURNS text LANGUAGE sql AS $$
SELECT concat_ws(' ', s.stored, s.interventions) FROM btwin._store_predictions('lim', moment, 'btwin',
    ARRAY[ROW('l' || n, 'kl', x, p, p, p, 0.5, 7, '2026-03-18', 'mission', 'd' || n, 'new')::btwin._prediction_draft]) s
$$;
SELECT is(pg_temp.store(1, 0.5999, btwin.struggle_vector(prerequisite_gap_count => 1)), '1 0', 'nothing is proposed below 0.6');
SELECT is(pg_temp.store(2, 0.6, btwin.struggle_vector(prerequisite_gap_count => 1, historical_struggle_score => 0.7)), '1 2', 'from 0.6 on');
SELECT is((SELECT string_agg(description, E'\n' ORDER BY priority DESC) FROM intervention_recommendations WHERE user_id = 'lim'),
          E'One or two days before "L2", review what it builds on, 15 minutes for each. A good time for it: 22 to 24 o''clock.\nReview "L2" after 1, 3 and 7 days, for two weeks. A good time for it: 22 to 24 o''clock.', 'at the hours that are preferred');
SELECT is((SELECT string_agg(reasoning, ' ' ORDER BY priority DESC) FROM intervention_recommendations WHERE user_id = 'lim'), 'Probability of a struggle 60 %. 100 % of what it builds on is not known well enough. Probability of a struggle 60 %. Struggles in this course go 70 points of 100 beyond what is usual.', 'with the reason');
UPDATE user_learning_profiles SET preferred_study_times = '[{"start_hour": 22, "end_hour": 22}]' WHERE user_id = 'lim';
SELECT is(pg_temp.store(3, 0.6999, btwin.struggle_vector(complexity_mismatch => 0.65)), '1 1', 'a level too high');
UPDATE user_learning_profiles SET preferred_study_times = '{"startHour": 1, "endHour": 2}' WHERE user_id = 'lim';
SELECT is(pg_temp.store(4, 0.7, btwin.struggle_vector(cognitive_load_indicator => 0.65, session_performance_score => 0.3)), '1 1', 'breaks');
SELECT is((SELECT string_agg(description || ' ' || reasoning, E'\n' ORDER BY priority DESC) FROM intervention_recommendations WHERE related_objective_id IN ('l3', 'l4')),
          E'Begin "L3" with a simple introduction, and give it a quarter more time. Probability of a struggle 70 %. It lies 65 points of 100 above what is known of it.\nWhile studying "L4", take a break of 5 minutes every 25, and move a little. Probability of a struggle 70 %. The load of the last week is 65 of 100, and results suffer.', 'no hours where there are none');
SELECT is((SELECT string_agg(n.priority || ' ' || i.related_objective_id || ' ' || i.priority, ', ' ORDER BY i.related_objective_id) FROM insight_notifications n JOIN intervention_recommendations i ON i.id = n.related_entity_id WHERE n.user_id = 'lim'), 'NORMAL l2 9, NORMAL l3 8, HIGH l4 5', 'HIGH from 0.7 on, about the first of them');
SELECT is(pg_temp.store(5, 0.9, btwin.struggle_vector()), '1 0', 'of nothing known nothing is proposed');
-- hours that a day does not have
UPDATE user_learning_profiles SET preferred_study_times = '[{"start_hour": 23.4, "end_hour": 24}]' WHERE user_id = 'lim';
SELECT is(pg_temp.store(6, 0.65, btwin.struggle_vector(prerequisite_gap_count => 1)), '1 1', 'after the last one');
UPDATE user_learning_profiles SET preferred_study_times = '[{"startHour": 22, "endHour": 25}]' WHERE user_id = 'lim';
SELECT is(pg_temp.store(7, 0.65, btwin.struggle_vector(prerequisite_gap_count => 1)), '1 1', 'into the next day');
SELECT is((SELECT string_agg(description, E'\n' ORDER BY related_objective_id) FROM intervention_recommendations WHERE related_objective_id IN ('l6', 'l7')),
          E'One or two days before "L6", review what it builds on, 15 minutes for each.\nOne or two days before "L7", review what it builds on, 15 minutes for each.', 'are not told');
-- one of each type for a prediction, whatever became of it
UPDATE intervention_recommendations SET status = 'SKIPPED' WHERE related_objective_id = 'l2';
SELECT is((SELECT concat_ws(' ', s.stored, s.interventions) FROM btwin._store_predictions('lim', '2026-03-17 12:00+00', 'btwin', ARRAY[ROW('l2', 'kl', btwin.struggle_vector(prerequisite_gap_count => 1, complexity_mismatch => 0.7), 0.8, 0.8, 0.8, 0.5, 7, '2026-03-18', 'mission', 'd2', 'again')::btwin._prediction_draft]) s),
          '1 1', 'a type that is new');
-- decided in the meantime
UPDATE struggle_predictions SET prediction_status = 'CONFIRMED' WHERE id = 'd2';
UPDATE struggle_predictions SET actual_outcome = true WHERE id = 'd3';
SELECT is((SELECT concat_ws(' ', s.stored, s.interventions) FROM btwin._store_predictions('lim', '2026-03-18 12:00+00', 'btwin', ARRAY[ROW('l2', 'kl', btwin.struggle_vector(), 0.1, 0.1, 0.1, 0.5, 7, '2026-03-18', 'mission', 'd2', 'again')::btwin._prediction_draft,
          ROW('l3', 'kl', btwin.struggle_vector(), 0.1, 0.1, 0.1, 0.5, 7, '2026-03-18', 'mission', 'd3', 'again')::btwin._prediction_draft, ROW('l1', 'kl', btwin.struggle_vector(), 0.1, 0.1, 0.1, 0.5, 7, '2026-03-18', 'mission', 'd1', 'kept')::btwin._prediction_draft]) s), '0 0', 'a decided one is not touched, nor one that is kept');
SELECT is((SELECT string_agg(id || ' ' || predicted_struggle_probability, ', ' ORDER BY id) FROM struggle_predictions WHERE id IN ('d1', 'd2', 'd3')), 'd1 0.5999, d2 0.8, d3 0.6999', 'values stand');
SELECT is((SELECT count(*) FROM btwin.prediction_history WHERE user_id = 'lim' AND computed_for = '2026-03-18 12:00+00'), 0::bigint, 'and have no history of it');
SELECT * FROM finish();
