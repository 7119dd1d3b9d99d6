-- Rows of the learner "ann" for tests through clients; the moment they are asked for is
-- 2026-03-16 12:00 in UTC. "bob" has a row of the kinds that are asked for by id, "off" has
-- switched analysis off.
INSERT INTO users (id, behavioral_analysis_enabled) VALUES ('ann', true), ('bob', true), ('off', false);
INSERT INTO courses (id, user_id, name) VALUES ('k1', 'ann', 'Anatomy'), ('kb', 'bob', 'Botany');
INSERT INTO lectures (id, user_id, course_id, title, file_name, file_url, file_size) VALUES ('v1', 'ann', 'k1', 't', 'f', 'u', 1), ('vb', 'bob', 'kb', 't', 'f', 'u', 1);
INSERT INTO learning_objectives (id, lecture_id, objective, extracted_by) VALUES ('o1', 'v1', 'Heart', 'x'), ('ob', 'vb', 'Moss', 'x');
INSERT INTO cards (id, course_id, objective_id, front, back) VALUES ('c1', 'k1', 'o1', 'f', 'b');
INSERT INTO study_sessions (id, user_id, started_at, completed_at, duration_ms)
SELECT 's' || d, 'ann', t, t + interval '30 minutes', 1800000 FROM generate_series(0, 69) d, LATERAL (SELECT timestamptz '2026-01-05 18:00+00' + d * interval '1 day') x (t);
INSERT INTO reviews (id, user_id, card_id, session_id, rating, time_spent_ms, reviewed_at)
SELECT s.id || '-' || g, 'ann', 'c1', s.id, (ARRAY['GOOD', 'AGAIN', 'GOOD', 'EASY'])[1 + g % 4], 3000 + 100 * g, s.started_at + g * interval '1 minute' FROM study_sessions s, generate_series(1, 4) g;
INSERT INTO missions (id, user_id, date, status, estimated_minutes, actual_minutes, completed_at, success_score, objectives)
SELECT 'm' || d, 'ann', t, 'COMPLETED', 30, 25 + d % 9, t + interval '19 hours', 0.5 + d % 5 / 10.0, '[]' FROM generate_series(0, 69) d, LATERAL (SELECT timestamptz '2026-01-05 00:00+00' + d * interval '1 day') x (t);
INSERT INTO missions (id, user_id, date, status, estimated_minutes, objectives) VALUES ('open', 'ann', '2026-03-16', 'PENDING', 30, '[]');
INSERT INTO cognitive_load_metrics (id, user_id, session_id, load_score, stress_indicators, confidence_level, timestamp)
SELECT 'l' || d, 'ann', 's' || d, 50 + d % 10, '[]', 0.5, timestamptz '2026-01-05 18:30+00' + d * interval '1 day' FROM generate_series(0, 69) d;
INSERT INTO performance_metrics (id, user_id, learning_objective_id, date, retention_score, study_time_ms, review_count, correct_reviews, incorrect_reviews)
SELECT 'q' || d, 'ann', 'o1', timestamptz '2026-03-01 00:00+00' + d * interval '1 day', 0.7, 1800000, 4, 3, 1 FROM generate_series(0, 14) d;
INSERT INTO behavioral_patterns (id, user_id, pattern_type, pattern_name, pattern_data, confidence, evidence, first_detected_at, last_seen_at) VALUES
    ('p1', 'ann', 'OPTIMAL_STUDY_TIME', 'evening', '{"hourOfDay": 18}', 0.875, '{"a", "b"}', '2026-03-01 12:00+00', '2026-03-15 12:00+00'),
    ('p2', 'ann', 'PERFORMANCE_PEAK', 'peak', '{}', 0.75, '{}', '2026-03-01 12:00+00', '2026-03-15 12:00+00'),
    ('pb', 'bob', 'PERFORMANCE_PEAK', 'peak', '{}', 0.75, '{}', '2026-03-01 12:00+00', '2026-03-15 12:00+00');
INSERT INTO btwin.pattern_history (user_id, pattern_id, changed_at, change, pattern_type, pattern_name, confidence, evidence_count, pattern_data, method, version)
VALUES ('ann', 'p1', '2026-03-01 12:00+00', 'CREATED', 'OPTIMAL_STUDY_TIME', 'evening', 0.75, 20, '{}', 'btwin', 'pattern-1'), ('ann', 'p1', '2026-03-15 12:00+00', 'UPDATED', 'OPTIMAL_STUDY_TIME', 'evening', 0.875, 30, '{}', 'btwin', 'pattern-1');
INSERT INTO behavioral_insights (id, user_id, insight_type, title, description, actionable_recommendation, confidence, created_at) VALUES
    ('i1', 'ann', 'STUDY_TIME_OPTIMIZATION', 'Evenings', 'd', 'Study at 18', 0.875, '2026-03-15 12:00+00'), ('ib', 'bob', 'STUDY_TIME_OPTIMIZATION', 'Mornings', 'd', 'a', 0.875, '2026-03-15 12:00+00');
INSERT INTO insight_patterns (id, insight_id, pattern_id) VALUES ('ip1', 'i1', 'p1');
INSERT INTO insight_notifications (id, user_id, notification_type, title, message, priority, created_at) VALUES ('n1', 'ann', 'NEW_PATTERN', 't', 'm', 'NORMAL', '2026-03-15 12:00+00');
INSERT INTO recommendations (id, user_id, recommendation_type, title, description, actionable_text, confidence, estimated_impact, ease_of_implementation, user_readiness, priority_score, status, created_at)
VALUES ('r1', 'ann', 'STUDY_TIME_OPTIMIZATION', 't', 'd', 'a', 0.75, 0.5, 0.5, 0.5, 0.625, 'PENDING', '2026-03-15 12:00+00');
INSERT INTO behavioral_goals (id, user_id, goal_type, title, description, target_metric, current_value, target_value, deadline, status, progress_history, created_at, updated_at)
VALUES ('g1', 'ann', 'CUSTOM', 't', 'd', 'pages', 5, 10, '2026-04-15 12:00+00', 'ACTIVE', '[{"date": "2026-03-01T12:00:00Z", "value": 0}]', '2026-03-01 12:00+00', '2026-03-15 12:00+00');
INSERT INTO struggle_predictions (id, user_id, learning_objective_id, topic_id, predicted_struggle_probability, prediction_confidence, prediction_status, struggling_factors, prediction_date, predicted_at)
VALUES ('a1', 'ann', 'o1', 'k1', 0.75, 0.5, 'PENDING', '{}', '2026-03-18', '2026-03-15'), ('ab', 'bob', 'ob', 'kb', 0.75, 0.5, 'PENDING', '{}', '2026-03-18', '2026-03-15');
INSERT INTO intervention_recommendations (id, user_id, prediction_id, intervention_type, description, reasoning, priority, status, related_objective_id, created_at)
VALUES ('t1', 'ann', 'a1', 'COGNITIVE_LOAD_REDUCE', 'd', 'r', 9, 'PENDING', 'o1', '2026-03-15 12:00+00');
INSERT INTO struggle_indicators (id, user_id, learning_objective_id, prediction_id, indicator_type, severity, detected_at) VALUES ('d1', 'ann', 'o1', 'a1', 'LOW_RETENTION', 'HIGH', '2026-03-15');
INSERT INTO user_learning_profiles (id, user_id, preferred_study_times, average_session_duration, optimal_session_duration, content_preferences, learning_style_profile, personalized_forgetting_curve, last_analyzed_at, data_quality_score)
VALUES ('f1', 'ann', '[{"dayOfWeek": 1, "startHour": 18, "endHour": 19, "effectiveness": 0.75}]', 30, 45, '{}', '{}', '{}', '2026-03-15 12:00+00', 0.75);
INSERT INTO personalization_preferences (id, user_id, personalization_level) VALUES ('w1', 'ann', 'HIGH');
INSERT INTO btwin.config_history (user_id, config_id, event_type, number, occurred_at, context, strategy_variant, new_value, description)
VALUES ('ann', 'x1', 'APPLIED', 1, '2026-03-10 12:00+00', 'SESSION', 'balanced', 50, 'd');
INSERT INTO btwin.decision (user_id, id, context, policy, policy_version, arms, arm, propensity, propensities, decided_at, reward_due_at, reward, reward_kind, rewarded_at)
VALUES ('ann', 'y1', 'SESSION', 'uniform', '1', '{a,b}', 'a', 0.5, '{0.5,0.5}', '2026-03-02 12:00+00', '2026-03-08 12:00+00', 0.75, 'GIVEN', '2026-03-03 12:00+00');
INSERT INTO personalization_experiments (id, user_id, preferences_id, experiment_name, context, variants, status, start_date, end_date)
VALUES ('e1', 'ann', 'w1', 'first', 'SESSION', '{"variants": [{"variantId": "A"}, {"variantId": "B"}]}', 'ACTIVE', '2026-03-02 12:00+00', '2026-04-02 12:00+00');
