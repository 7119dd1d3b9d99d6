-- What a read of btwin_api costs: processor time of a call as a learner, under the
-- policies and with claims, as a ratio to the cheapest prepared statement over the
-- tables of the application that fetches the same rows by index, under the same
-- policies. Bytes of an answer as PostgREST would send it.
-- data: simulator
--   bench/run 10000 endpoints   ROWS is here the number of simulated learners (default 1000)
--
-- Processor time is the server process's own (/proc/self/stat), so it runs on
-- Linux only. Both sides run in loops of the server over the same learners, with
-- cached plans; the cost of an empty loop, which sets the claim, is taken off.
-- Rounds of the two take turns, the ratio is the median over the rounds.
\if :{?rows} \else
\set rows 1000
\endif
SET jit = off;
SET max_parallel_workers_per_gather = 0;
SET client_min_messages = warning;
SELECT setseed(0.5) \g /dev/null
SELECT count(*) AS attached FROM btwin.attach('public', create_indexes => false, triggers => false) \gset
SET search_path = public;
\ir ../test/sim/load.sql

-- what the simulator leaves empty, in numbers of an active learner
SELECT date_trunc('day', max(started_at), 'UTC') + interval '36 hours' AS until FROM study_sessions \gset
CREATE TEMP VIEW nth AS SELECT u.id AS learner, g FROM users u CROSS JOIN generate_series(1, 60) AS g;
SET session_replication_role = replica;
CREATE INDEX ON truth.objective (user_id);
ANALYZE;
INSERT INTO behavioral_patterns (id, user_id, pattern_type, pattern_name, pattern_data, confidence, evidence, occurrence_count, first_detected_at, last_seen_at)
SELECT 'pt' || learner || '-' || g, learner, (ARRAY['OPTIMAL_STUDY_TIME', 'SESSION_DURATION_PREFERENCE', 'CONTENT_TYPE_PREFERENCE', 'FORGETTING_CURVE'])[1 + g % 4], 'pattern ' || g,
       '{"hourOfDay": 9, "recommendedDuration": 40, "contributions": [{"factor": "prior", "value": 0.4, "contribution": 0.4}, {"factor": "evidence", "value": 0.3, "contribution": 0.3}]}',
       0.5 + random() / 2, '{seen often,seen lately}', 5, timestamptz :'until' - g * interval '9 days', timestamptz :'until' - random() * interval '6 days'
FROM nth WHERE g <= 8;
INSERT INTO btwin.pattern_history (user_id, pattern_id, changed_at, change, pattern_type, pattern_name, confidence, evidence_count, pattern_data, method, version)
SELECT p.user_id, p.id, p.first_detected_at + h * interval '7 days', CASE h WHEN 0 THEN 'CREATED' ELSE 'UPDATED' END, p.pattern_type, p.pattern_name, p.confidence, 30, p.pattern_data, 'btwin', 'pattern-1'
FROM behavioral_patterns p, generate_series(0, 8) h WHERE p.first_detected_at + h * interval '7 days' < :'until';
INSERT INTO behavioral_insights (id, user_id, insight_type, title, description, actionable_recommendation, confidence, created_at)
SELECT 'in' || learner || '-' || g, learner, 'STUDY_TIME_OPTIMIZATION', 'title', repeat('d', 100), repeat('a', 60), 0.5 + random() / 2, timestamptz :'until' - g * interval '5 days' FROM nth WHERE g <= 20;
INSERT INTO insight_patterns (insight_id, pattern_id) SELECT 'in' || learner || '-' || g, 'pt' || learner || '-' || 1 + g % 8 FROM nth WHERE g <= 20;
INSERT INTO recommendations (id, user_id, recommendation_type, title, description, actionable_text, confidence, estimated_impact, ease_of_implementation, user_readiness, priority_score, status, created_at)
SELECT 'rc' || learner || '-' || g, learner, 'RETENTION_STRATEGY', 'title', repeat('d', 80), repeat('a', 40), 0.5, 0.5, 0.5, 0.5, random(), (ARRAY['PENDING', 'VIEWED', 'DISMISSED', 'RATED', 'RATED'])[1 + g % 5], timestamptz :'until' - random() * interval '180 days'
FROM nth WHERE g <= 40;
INSERT INTO struggle_predictions (id, user_id, learning_objective_id, topic_id, predicted_struggle_probability, prediction_confidence, prediction_status, feature_vector, struggling_factors, prediction_date, predicted_at, actual_outcome, actual_outcome_recorded_at)
SELECT 'pr' || learner || '-' || g, learner, o.objective_id, v.course_id, random(), 0.5, CASE WHEN g < 12 THEN 'PENDING' ELSE 'CONFIRMED' END, '{"retentionScore": 0.5}', '{}',
       CASE WHEN g < 12 THEN timestamptz :'until' + g * interval '12 hours' ELSE timestamptz :'until' - g * interval '3 days' END,
       timestamptz :'until' - g * interval '3 days' - interval '1 day', CASE WHEN g >= 12 THEN g % 2 = 0 END, CASE WHEN g >= 12 THEN timestamptz :'until' - g * interval '3 days' + interval '1 hour' END
FROM nth JOIN LATERAL (SELECT t.objective_id FROM truth.objective t WHERE t.user_id = learner ORDER BY md5(t.objective_id || g) LIMIT 1) AS o ON true
JOIN learning_objectives l ON l.id = o.objective_id JOIN lectures v ON v.id = l.lecture_id;
-- each was worked out on two days
INSERT INTO btwin.prediction_history (user_id, prediction_id, computed_for, probability, low, high, confidence, prediction_date, feature_vector, method, version)
SELECT p.user_id, p.id, p.predicted_at - back * interval '1 day', p.predicted_struggle_probability, p.predicted_struggle_probability / 2, (1 + p.predicted_struggle_probability) / 2,
       0.5, p.prediction_date, p.feature_vector, 'btwin', 'struggle-1'
FROM struggle_predictions p, generate_series(0, 1) AS back;
INSERT INTO intervention_recommendations (id, user_id, prediction_id, intervention_type, description, reasoning, priority, status, created_at)
SELECT 'iv' || learner || '-' || g, learner, 'pr' || learner || '-' || g, 'FOCUS_SESSION', repeat('d', 60), repeat('r', 60), 1 + floor(random() * 10)::int, (ARRAY['PENDING', 'IN_PROGRESS', 'COMPLETED', 'SKIPPED', 'FAILED'])[1 + g % 5], timestamptz :'until' - g * interval '3 days' FROM nth WHERE g <= 30;
INSERT INTO behavioral_goals (id, user_id, goal_type, title, description, target_metric, current_value, target_value, deadline, status, progress_history, created_at)
SELECT 'go' || learner || '-' || g, learner, 'CUSTOM', 'title', repeat('d', 60), 'm', 1, 2, timestamptz :'until' + (30 - g) * interval '3 days', (ARRAY['ACTIVE', 'COMPLETED', 'ABANDONED'])[1 + g % 3],
       '[{"date": "2026-06-01T00:00:00Z", "value": 0}, {"date": "2026-06-10T00:00:00Z", "value": 1}]', timestamptz :'until' - g * interval '5 days' FROM nth WHERE g <= 12;
INSERT INTO insight_notifications (id, user_id, notification_type, title, message, created_at, read_at)
SELECT 'no' || learner || '-' || g, learner, 'NEW_INSIGHT', 'title', repeat('m', 60), timestamptz :'until' - g * interval '3 days', CASE WHEN g > 8 THEN timestamptz :'until' - g * interval '2 days' END FROM nth;
INSERT INTO burnout_risk_assessments (id, user_id, risk_score, risk_level, contributing_factors, assessment_date, confidence)
SELECT 'ba' || learner || '-' || g, learner, 50, 'MEDIUM', '[]', timestamptz :'until' - g * interval '3 days', 0.5 FROM nth;
UPDATE missions SET success_score = random() WHERE status = 'COMPLETED';
INSERT INTO user_learning_profiles (id, user_id, preferred_study_times, average_session_duration, optimal_session_duration, content_preferences, learning_style_profile, personalized_forgetting_curve, data_quality_score, last_analyzed_at)
SELECT 'lp' || id, id, '[{"dayOfWeek": -1, "startHour": 9, "endHour": 11, "effectiveness": 0.8}]', 35, 45, '{"lectures": 0.4, "flashcards": 0.3, "validation": 0.2, "clinicalReasoning": 0.1}',
       '{"visual": 0.4, "auditory": 0.3, "reading": 0.2, "kinesthetic": 0.1}', '{"initialRetention": 0.95, "decayRate": 0.1, "stabilityFactor": 6.9}', 0.8, timestamptz :'until' - interval '12 hours' FROM users;
INSERT INTO personalization_preferences (id, user_id) SELECT 'pp' || id, id FROM users;
INSERT INTO personalization_configs (id, user_id, preferences_id, context, strategy_variant, avg_reward, is_active, activated_at)
SELECT 'pc' || learner || '-' || g, learner, 'pp' || learner, (ARRAY['MISSION', 'CONTENT', 'ASSESSMENT', 'SESSION'])[1 + g % 4], 'balanced', random(), g <= 4, timestamptz :'until' - g * interval '9 days' FROM nth WHERE g <= 16;
INSERT INTO btwin.config_history (user_id, config_id, event_type, number, occurred_at, context, strategy_variant, new_value)
SELECT user_id, id, 'APPLIED', 1, activated_at, context, strategy_variant, 50 FROM personalization_configs;
INSERT INTO personalization_effectiveness (id, user_id, config_id, start_date, end_date, retention_improvement, performance_improvement, sample_size, composite_score)
SELECT 'pe' || learner || '-' || g, learner, 'pc' || learner || '-' || 1 + g % 4, d, d + interval '7 days', 5 + random(), 4, 20, 0.5 FROM (SELECT learner, g, timestamptz :'until' - g * interval '7 days' AS d FROM nth WHERE g <= 24) AS n;
INSERT INTO btwin.decision (user_id, id, context, policy, policy_version, arms, arm, propensity, propensities, decided_at, reward_due_at, reward, reward_kind, rewarded_at)
SELECT learner, 'dc' || learner || '-' || g, 'SESSION', 'thompson', '1', '{pattern_heavy,prediction_heavy,balanced,conservative}', 'balanced', 0.25, '{0.25,0.25,0.25,0.25}',
       timestamptz :'until' - g * interval '2 days', timestamptz :'until' - g * interval '2 days' + interval '7 days', r, 'GIVEN', timestamptz :'until' - g * interval '2 days' + interval '1 hour'
FROM (SELECT learner, g, random() AS r FROM nth) AS n;
-- what analyses of btwin made says so
INSERT INTO btwin.provenance (user_id, kind, id, method, version, computed_for, evidence_count, low, high)
SELECT user_id, kind, id, 'btwin', version, at, 30, 0.4, 0.9
FROM (SELECT user_id, 'behavioral_patterns' AS kind, id, 'pattern-1' AS version, last_seen_at AS at FROM behavioral_patterns
      UNION ALL SELECT user_id, 'behavioral_insights', id, 'pattern-1', created_at FROM behavioral_insights
      UNION ALL SELECT user_id, 'recommendations', id, 'recommendation-1', created_at FROM recommendations
      UNION ALL SELECT user_id, 'struggle_predictions', id, 'struggle-1', predicted_at FROM struggle_predictions
      UNION ALL SELECT user_id, 'intervention_recommendations', id, 'intervention-1', created_at FROM intervention_recommendations
      UNION ALL SELECT user_id, 'user_learning_profiles', id, 'profile-1', last_analyzed_at FROM user_learning_profiles) AS made;
INSERT INTO calendar_integrations (id, user_id, calendar_provider, access_token, refresh_token) SELECT 'ci' || id, id, 'GOOGLE', 'x', 'x' FROM users;
INSERT INTO btwin.calendar_busy (user_id, event_id, start_at, end_at) SELECT learner, 'ev' || g, timestamptz :'until' + g * interval '1 day', timestamptz :'until' + g * interval '1 day' + interval '1 hour' FROM nth WHERE g <= 10;
RESET session_replication_role;
\echo attach, secure, refresh ...
SELECT count(*) AS attached FROM btwin.attach('public', create_indexes => true, triggers => true) \gset
DROP ROLE IF EXISTS bench_learner;
CREATE ROLE bench_learner;
SELECT count(*) AS secured FROM btwin.secure(app_role => 'bench_learner') \gset
TRUNCATE btwin.late_change;
CALL btwin.refresh() \g /dev/null
VACUUM ANALYZE;

-- learners who were active in each of the last twelve weeks: a read that has nothing to tell is quick
CREATE TABLE bench.active AS
SELECT array_agg(a.user_id) AS learners
FROM (SELECT m.user_id FROM missions m JOIN users u ON u.id = m.user_id AND u.behavioral_analysis_enabled
      WHERE m.status = 'COMPLETED' AND m.completed_at >= timestamptz :'until' - interval '84 days' AND m.completed_at < :'until'
      GROUP BY m.user_id HAVING count(DISTINCT date_bin('7 days', m.completed_at, timestamptz :'until')) >= 12 ORDER BY md5(m.user_id) LIMIT 50) AS a;
SELECT cardinality(learners) AS active_learners FROM bench.active;

-- The functions and what fetches the same rows. $1 is the learner, $2 the moment.
-- A statement fetches the rows that the answer is made of, no more, each through an
-- index and with a column that the index does not hold where the function needs the
-- row itself: the learner's row of users, which says whether there may be an answer
-- at all, the learner's zone where hours or days count, provenance where the answer
-- names it. What says who may call (btwin.access, btwin.attachment), the texts
-- (btwin.phrase) and rows that are read a second time are the functions' own cost.
-- UNION ALL takes columns that fit: a text, a time, a number, a document.
CREATE TABLE bench.endpoint (name text PRIMARY KEY, whole_history boolean NOT NULL DEFAULT false, call text NOT NULL, rows_by_index text NOT NULL);
INSERT INTO bench.endpoint (name, whole_history, call, rows_by_index) VALUES
    ('patterns', false, $$SELECT * FROM btwin_api.patterns(as_of => $2)$$,
     $$SELECT p.*, v.method, v.version, v.computed_for, v.evidence_count, u.behavioral_analysis_enabled FROM users u JOIN behavioral_patterns p ON p.user_id = u.id LEFT JOIN btwin.provenance v ON v.user_id = u.id AND v.kind = 'behavioral_patterns' AND v.id = p.id WHERE u.id = $1$$),
    ('pattern_evolution', false, $$SELECT * FROM btwin_api.pattern_evolution(as_of => $2)$$,
     $$SELECT pattern_id, changed_at, confidence, pattern_data FROM btwin.pattern_history WHERE user_id = $1 AND changed_at < $2
       UNION ALL SELECT p.pattern_name, p.last_seen_at, p.confidence, p.pattern_data FROM behavioral_patterns p LEFT JOIN btwin.provenance v ON v.user_id = $1 AND v.kind = 'behavioral_patterns' AND v.id = p.id WHERE p.user_id = $1
       UNION ALL SELECT id, updated_at, behavioral_analysis_enabled::int::float8, NULL::jsonb FROM users WHERE id = $1$$),
    ('insights', false, $$SELECT * FROM btwin_api.insights(as_of => $2)$$,
     $$SELECT p.*, v.method, v.version, v.computed_for, v.evidence_count, u.behavioral_analysis_enabled, i.pattern_id FROM users u JOIN behavioral_insights p ON p.user_id = u.id LEFT JOIN btwin.provenance v ON v.user_id = u.id AND v.kind = 'behavioral_insights' AND v.id = p.id LEFT JOIN insight_patterns i ON i.insight_id = p.id WHERE u.id = $1$$),
    ('learning_profile', true, $$SELECT btwin_api.learning_profile(as_of => $2)$$,
     $$(SELECT id, completed_at, duration_ms, NULL::jsonb FROM study_sessions WHERE user_id = $1 AND started_at < $2 AND completed_at < $2 ORDER BY started_at LIMIT 20)
       UNION ALL (SELECT rating, reviewed_at, NULL, NULL FROM reviews WHERE user_id = $1 AND reviewed_at < $2 ORDER BY reviewed_at LIMIT 50)
       UNION ALL SELECT id, last_analyzed_at, data_quality_score, learning_style_profile FROM user_learning_profiles WHERE user_id = $1
       UNION ALL SELECT id, updated_at, behavioral_analysis_enabled::int::float8, NULL::jsonb FROM users WHERE id = $1$$),
    ('study_time_heatmap', false, $$SELECT * FROM btwin_api.study_time_heatmap(as_of => $2)$$,
     $$SELECT id, completed_at, duration_ms, objective_completions FROM study_sessions WHERE user_id = $1 AND started_at >= $2 - interval '42 days' AND started_at < $2
       UNION ALL SELECT time_zone, NULL, NULL, NULL FROM btwin.learner z WHERE user_id = $1
       UNION ALL SELECT id, updated_at, behavioral_analysis_enabled::int::float8, NULL::jsonb FROM users WHERE id = $1$$),
    ('behavioral_correlation', false, $$SELECT btwin_api.behavioral_correlation(as_of => $2)$$,
     $$SELECT id, completed_at, duration_ms, objective_completions FROM study_sessions WHERE user_id = $1 AND started_at >= $2 - interval '84 days' AND started_at < $2
       UNION ALL SELECT rating, reviewed_at, NULL, NULL FROM reviews WHERE user_id = $1 AND reviewed_at >= $2 - interval '84 days' AND reviewed_at < $2
       UNION ALL SELECT status, completed_at, success_score, NULL FROM missions WHERE user_id = $1 AND date >= $2 - interval '174 days' AND date < $2 + interval '90 days'
       UNION ALL SELECT id, first_detected_at, confidence, NULL FROM behavioral_patterns WHERE user_id = $1
       UNION ALL SELECT id, acknowledged_at, NULL, NULL FROM behavioral_insights WHERE user_id = $1 AND created_at >= $2 - interval '84 days' AND created_at < $2
       UNION ALL SELECT time_zone, NULL, NULL, NULL FROM btwin.learner z WHERE user_id = $1
       UNION ALL SELECT id, updated_at, behavioral_analysis_enabled::int::float8, NULL::jsonb FROM users WHERE id = $1$$),
    ('recommendations', false, $$SELECT * FROM btwin_api.recommendations(as_of => $2)$$,
     $$SELECT p.*, v.method, v.version, v.computed_for, v.evidence_count, u.behavioral_analysis_enabled FROM users u JOIN (SELECT * FROM recommendations WHERE user_id = $1 AND status <> 'DISMISSED' ORDER BY priority_score DESC LIMIT 5) p ON p.user_id = u.id LEFT JOIN btwin.provenance v ON v.user_id = u.id AND v.kind = 'recommendations' AND v.id = p.id WHERE u.id = $1$$),
    ('recommendation_metrics', false, $$SELECT btwin_api.recommendation_metrics(as_of => $2)$$,
     $$SELECT status, applied_at, NULL::float8, NULL::jsonb FROM recommendations WHERE user_id = $1
       UNION ALL SELECT id, "timestamp", session_performance_score, event_data FROM behavioral_events WHERE user_id = $1 AND "timestamp" >= $2 - interval '7 days' AND "timestamp" < $2
       UNION ALL SELECT source_type, viewed_at, NULL, NULL FROM content_recommendations WHERE user_id = $1 AND created_at >= $2 - interval '7 days' AND created_at < $2
       UNION ALL SELECT id, created_at, rating, NULL FROM recommendation_feedback WHERE user_id = $1 AND created_at >= $2 - interval '7 days' AND created_at < $2
       UNION ALL SELECT id, evaluated_at, effectiveness, NULL FROM applied_recommendations WHERE user_id = $1
       UNION ALL SELECT id, updated_at, behavioral_analysis_enabled::int::float8, NULL::jsonb FROM users WHERE id = $1$$),
    ('goals', false, $$SELECT * FROM btwin_api.goals(as_of => $2)$$,
     $$SELECT description, deadline, target_value, progress_history FROM behavioral_goals WHERE user_id = $1
       UNION ALL SELECT id, completed_at, duration_ms, objective_completions FROM study_sessions WHERE user_id = $1 AND started_at >= $2 - interval '7 days' AND started_at < $2
       UNION ALL SELECT id, last_analyzed_at, data_quality_score, learning_style_profile FROM user_learning_profiles WHERE user_id = $1
       UNION ALL SELECT time_zone, NULL, NULL, NULL FROM btwin.learner z WHERE user_id = $1
       UNION ALL SELECT id, updated_at, behavioral_analysis_enabled::int::float8, NULL::jsonb FROM users WHERE id = $1$$),
    ('predictions', false, $$SELECT * FROM btwin_api.predictions(as_of => $2)$$,
     $$SELECT p.*, l.objective, c.name, r.applied_at, v.method, v.version, v.computed_for, v.evidence_count, v.low, v.high, h.computed_for, h.probability, h.confidence, h.feature_vector, u.behavioral_analysis_enabled FROM users u JOIN struggle_predictions p ON p.user_id = u.id LEFT JOIN LATERAL (SELECT * FROM btwin.prediction_history w WHERE w.user_id = $1 AND w.prediction_id = p.id AND w.computed_for <= $2 ORDER BY w.computed_for DESC LIMIT 1) h ON true LEFT JOIN learning_objectives l ON l.id = p.learning_objective_id LEFT JOIN courses c ON c.id = p.topic_id LEFT JOIN intervention_recommendations r ON r.id = p.intervention_id LEFT JOIN btwin.provenance v ON v.user_id = u.id AND v.kind = 'struggle_predictions' AND v.id = p.id WHERE u.id = $1 AND p.predicted_struggle_probability >= 0.5$$),
    ('prediction_summary', false, $$SELECT btwin_api.prediction_summary(as_of => $2)$$,
     $$SELECT topic_id, predicted_at, predicted_struggle_probability, struggling_factors FROM struggle_predictions WHERE user_id = $1
       UNION ALL SELECT name, created_at, NULL, NULL FROM courses WHERE user_id = $1
       UNION ALL SELECT id, updated_at, behavioral_analysis_enabled::int::float8, NULL FROM users WHERE id = $1
       UNION ALL SELECT prediction_id, computed_for, probability, feature_vector FROM btwin.prediction_history WHERE user_id = $1 AND computed_for <= $2$$),
    ('alerts', false, $$SELECT * FROM btwin_api.alerts(as_of => $2)$$,
     $$SELECT topic_id, predicted_at, predicted_struggle_probability, struggling_factors FROM struggle_predictions WHERE user_id = $1
       UNION ALL SELECT status, date, actual_minutes, objectives FROM missions WHERE user_id = $1 AND date >= $2 - interval '1 days' AND date < $2 + interval '366 days'
       UNION ALL SELECT course_id, date, NULL, NULL FROM exams WHERE user_id = $1 AND date >= $2 AND date < $2 + interval '366 days'
       UNION ALL (SELECT session_id, "timestamp", load_score, NULL FROM cognitive_load_metrics WHERE user_id = $1 AND "timestamp" <= $2 ORDER BY "timestamp" DESC LIMIT 1)
       UNION ALL SELECT time_zone, NULL, NULL, NULL FROM btwin.learner z WHERE user_id = $1
       UNION ALL SELECT id, updated_at, behavioral_analysis_enabled::int::float8, NULL::jsonb FROM users WHERE id = $1
       UNION ALL SELECT prediction_id, computed_for, probability, feature_vector FROM btwin.prediction_history WHERE user_id = $1 AND computed_for <= $2$$),
    ('interventions', false, $$SELECT * FROM btwin_api.interventions(as_of => $2)$$,
     $$SELECT p.*, v.method, v.version, v.computed_for, u.behavioral_analysis_enabled FROM users u JOIN intervention_recommendations p ON p.user_id = u.id LEFT JOIN btwin.provenance v ON v.user_id = u.id AND v.kind = 'intervention_recommendations' AND v.id = p.id AND p.status IN ('PENDING', 'IN_PROGRESS') WHERE u.id = $1$$),
    ('model_performance', true, $$SELECT btwin_api.model_performance(as_of => $2)$$,
     $$SELECT p.*, r.applied_at, v.method, v.version, u.behavioral_analysis_enabled, t.time_zone FROM users u JOIN struggle_predictions p ON p.user_id = u.id AND p.actual_outcome IS NOT NULL LEFT JOIN intervention_recommendations r ON r.id = p.intervention_id LEFT JOIN btwin.provenance v ON v.user_id = u.id AND v.kind = 'struggle_predictions' AND v.id = p.id LEFT JOIN btwin.learner t ON t.user_id = u.id WHERE u.id = $1$$),
    ('struggle_reduction', false, $$SELECT btwin_api.struggle_reduction(as_of => $2)$$,
     $$WITH r AS MATERIALIZED (SELECT session_id, reviewed_at, card_id FROM reviews WHERE user_id = $1 AND reviewed_at >= $2 - interval '60 days' AND reviewed_at < $2)
       SELECT id, completed_at, duration_ms, objective_completions FROM study_sessions WHERE user_id = $1 AND started_at >= $2 - interval '60 days' AND started_at < $2
       UNION ALL SELECT r.session_id, r.reviewed_at, NULL, NULL FROM r
       UNION ALL SELECT c.objective_id, c.created_at, NULL, NULL FROM cards c WHERE c.id = ANY (ARRAY(SELECT DISTINCT r.card_id FROM r))
       UNION ALL SELECT learning_objective_id, date, retention_score, NULL FROM performance_metrics WHERE user_id = $1 AND date >= $2 - interval '30 days' AND date < $2
       UNION ALL SELECT prompt_id, responded_at, score, NULL FROM validation_responses WHERE user_id = $1 AND responded_at >= $2 - interval '60 days' AND responded_at < $2
       UNION ALL SELECT intervention_type, applied_at, NULL, NULL FROM intervention_recommendations WHERE user_id = $1
       UNION ALL SELECT learning_objective_id, actual_outcome_recorded_at, predicted_struggle_probability, NULL FROM struggle_predictions WHERE user_id = $1 AND prediction_date >= $2 - interval '60 days' AND prediction_date < $2 + interval '31 days'
       UNION ALL SELECT id, updated_at, behavioral_analysis_enabled::int::float8, NULL::jsonb FROM users WHERE id = $1$$),
    ('cognitive_load_current', false, $$SELECT btwin_api.cognitive_load_current(as_of => $2)$$,
     $$SELECT m.*, s.completed_at, v.method, v.version, v.computed_for, u.behavioral_analysis_enabled FROM users u JOIN cognitive_load_metrics m ON m.user_id = u.id LEFT JOIN study_sessions s ON s.id = m.session_id LEFT JOIN btwin.provenance v ON v.user_id = u.id AND v.kind = 'cognitive_load_metrics' AND v.id = m.id WHERE u.id = $1 AND m."timestamp" < $2 ORDER BY m."timestamp" DESC LIMIT 2$$),
    ('cognitive_load_history', false, $$SELECT * FROM btwin_api.cognitive_load_history(as_of => $2)$$,
     $$SELECT session_id, "timestamp", load_score, stress_indicators FROM cognitive_load_metrics WHERE user_id = $1 AND "timestamp" >= $2 - interval '7 days' AND "timestamp" < $2
       UNION ALL SELECT time_zone, NULL, NULL, NULL FROM btwin.learner z WHERE user_id = $1
       UNION ALL SELECT id, updated_at, behavioral_analysis_enabled::int::float8, NULL::jsonb FROM users WHERE id = $1$$),
    ('cognitive_load_summary', false, $$SELECT btwin_api.cognitive_load_summary(as_of => $2)$$,
     $$SELECT session_id, "timestamp", load_score, stress_indicators FROM cognitive_load_metrics WHERE user_id = $1 AND "timestamp" >= $2 - interval '7 days' AND "timestamp" < $2
       UNION ALL SELECT id, updated_at, behavioral_analysis_enabled::int::float8, NULL::jsonb FROM users WHERE id = $1$$),
    ('burnout_risk', true, $$SELECT btwin_api.burnout_risk(as_of => $2)$$,
     $$SELECT id, updated_at, behavioral_analysis_enabled::int::float8, NULL::jsonb FROM users WHERE id = $1
       UNION ALL SELECT time_zone, NULL, NULL, NULL FROM btwin.learner z WHERE user_id = $1
       UNION ALL SELECT id, completed_at, duration_ms, objective_completions FROM study_sessions WHERE user_id = $1 AND started_at >= $2 - interval '125 days' AND started_at < $2
       UNION ALL SELECT session_id, "timestamp", load_score, stress_indicators FROM cognitive_load_metrics WHERE user_id = $1 AND "timestamp" >= $2 - interval '125 days' AND "timestamp" < $2
       UNION ALL SELECT status, date, actual_minutes, objectives FROM missions WHERE user_id = $1 AND date >= $2 - interval '125 days' AND date < $2
       UNION ALL SELECT rating, reviewed_at, NULL, NULL FROM reviews WHERE user_id = $1 AND reviewed_at >= $2 - interval '125 days' AND reviewed_at < $2
       UNION ALL SELECT id, "timestamp", session_performance_score, event_data FROM behavioral_events WHERE user_id = $1 AND "timestamp" >= $2 - interval '125 days' AND "timestamp" < $2 AND event_type = 'SESSION_ENDED'
       UNION ALL SELECT risk_level, assessment_date, risk_score, NULL FROM burnout_risk_assessments WHERE user_id = $1 AND assessment_date >= $2 - interval '14 days' AND assessment_date < $2$$),
    ('stress_profile', true, $$SELECT btwin_api.stress_profile(as_of => $2)$$,
     $$SELECT session_id, "timestamp", load_score, stress_indicators FROM cognitive_load_metrics WHERE user_id = $1 AND "timestamp" >= $2 - interval '182 days' AND "timestamp" < $2
       UNION ALL SELECT s.mission_id, s.started_at, NULL, m.objectives FROM study_sessions s LEFT JOIN missions m ON m.id = s.mission_id WHERE s.user_id = $1 AND s.started_at >= $2 - interval '182 days' AND s.started_at < $2
       UNION ALL SELECT c.name, NULL, NULL, NULL FROM courses c JOIN lectures l ON l.course_id = c.id JOIN learning_objectives o ON o.lecture_id = l.id WHERE c.user_id = $1
       UNION ALL SELECT id, last_analyzed_at, data_quality_score, learning_style_profile FROM user_learning_profiles WHERE user_id = $1
       UNION ALL SELECT time_zone, NULL, NULL, NULL FROM btwin.learner z WHERE user_id = $1
       UNION ALL SELECT id, updated_at, behavioral_analysis_enabled::int::float8, NULL::jsonb FROM users WHERE id = $1$$),
    ('orchestration_cognitive_load', false, $$SELECT btwin_api.orchestration_cognitive_load(as_of => $2)$$,
     $$SELECT id, completed_at, duration_ms, objective_completions FROM study_sessions WHERE user_id = $1 AND started_at >= $2 - interval '28 days' AND started_at < $2
       UNION ALL SELECT id, "timestamp", session_performance_score, event_data FROM behavioral_events WHERE user_id = $1 AND "timestamp" >= $2 - interval '7 days' AND "timestamp" < $2 AND event_type = 'SESSION_ENDED'
       UNION ALL SELECT id, responded_at, score, NULL FROM validation_responses WHERE user_id = $1 AND responded_at >= $2 - interval '7 days' AND responded_at < $2
       UNION ALL SELECT id, last_analyzed_at, data_quality_score, learning_style_profile FROM user_learning_profiles WHERE user_id = $1
       UNION ALL SELECT id, updated_at, behavioral_analysis_enabled::int::float8, NULL::jsonb FROM users WHERE id = $1$$),
    ('calendar_status', false, $$SELECT btwin_api.calendar_status(as_of => $2)$$,
     $$SELECT calendar_provider, last_sync_at, NULL::float8, NULL::jsonb FROM calendar_integrations WHERE user_id = $1
       UNION ALL SELECT event_id, synced_at, NULL, NULL FROM btwin.calendar_busy WHERE user_id = $1
       UNION ALL SELECT id, updated_at, behavioral_analysis_enabled::int::float8, NULL::jsonb FROM users WHERE id = $1$$),
    ('personalization_config', false, $$SELECT btwin_api.personalization_config(as_of => $2)$$,
     $$SELECT id, last_analyzed_at, data_quality_score, learning_style_profile FROM user_learning_profiles WHERE user_id = $1
       UNION ALL SELECT personalization_level, updated_at, NULL, NULL FROM personalization_preferences WHERE user_id = $1
       UNION ALL SELECT context, activated_at, avg_reward, NULL FROM personalization_configs WHERE user_id = $1 AND (is_active OR deactivated_at > $2)
       UNION ALL SELECT l.objective, p.prediction_date, p.predicted_struggle_probability, p.struggling_factors FROM struggle_predictions p LEFT JOIN learning_objectives l ON l.id = p.learning_objective_id WHERE p.user_id = $1 AND p.prediction_status = 'PENDING'
       UNION ALL SELECT description, created_at, priority, NULL FROM intervention_recommendations WHERE user_id = $1 AND status = 'PENDING'
       UNION ALL (SELECT session_id, "timestamp", load_score, NULL FROM cognitive_load_metrics WHERE user_id = $1 AND "timestamp" <= $2 ORDER BY "timestamp" DESC LIMIT 1)
       UNION ALL (SELECT risk_level, assessment_date, risk_score, NULL FROM burnout_risk_assessments WHERE user_id = $1 AND assessment_date <= $2 ORDER BY assessment_date DESC LIMIT 1)
       UNION ALL SELECT id, updated_at, behavioral_analysis_enabled::int::float8, NULL::jsonb FROM users WHERE id = $1$$),
    ('personalization_preferences', false, $$SELECT btwin_api.personalization_preferences(as_of => $2)$$,
     $$SELECT p.*, u.behavioral_analysis_enabled FROM users u LEFT JOIN personalization_preferences p ON p.user_id = u.id WHERE u.id = $1$$),
    ('personalization_history', false, $$SELECT * FROM btwin_api.personalization_history(as_of => $2)$$,
     $$SELECT h.description, h.occurred_at, h.new_value, NULL::jsonb FROM btwin.config_history h WHERE user_id = $1 AND occurred_at >= $2 - interval '30 days' AND occurred_at < $2
       UNION ALL SELECT c.context, c.activated_at, c.effectiveness_score, NULL FROM personalization_configs c LEFT JOIN btwin.config_history h ON h.user_id = $1 AND h.config_id = c.id WHERE c.user_id = $1
       UNION ALL SELECT id, updated_at, behavioral_analysis_enabled::int::float8, NULL::jsonb FROM users WHERE id = $1$$),
    ('personalization_effectiveness', false, $$SELECT btwin_api.personalization_effectiveness(as_of => $2)$$,
     $$SELECT config_id, end_date, retention_improvement, NULL::jsonb FROM personalization_effectiveness WHERE user_id = $1 AND start_date >= $2 - interval '14 days' AND start_date < $2
       UNION ALL SELECT context, activated_at, avg_reward, NULL FROM personalization_configs WHERE user_id = $1 AND (is_active OR deactivated_at > $2)
       UNION ALL SELECT id, updated_at, behavioral_analysis_enabled::int::float8, NULL::jsonb FROM users WHERE id = $1$$),
    ('strategy_performance', true, $$SELECT * FROM btwin_api.strategy_performance(as_of => $2)$$,
     $$SELECT p.*, u.behavioral_analysis_enabled FROM users u JOIN btwin.decision p ON p.user_id = u.id WHERE u.id = $1 AND p.decided_at <= $2$$),
    ('explain_burnout', true, $$SELECT * FROM btwin_api.explain_burnout(as_of => $2)$$,
     $$SELECT id, updated_at, behavioral_analysis_enabled::int::float8, NULL::jsonb FROM users WHERE id = $1
       UNION ALL SELECT time_zone, NULL, NULL, NULL FROM btwin.learner z WHERE user_id = $1
       UNION ALL SELECT id, completed_at, duration_ms, objective_completions FROM study_sessions WHERE user_id = $1 AND started_at >= $2 - interval '125 days' AND started_at < $2
       UNION ALL SELECT session_id, "timestamp", load_score, stress_indicators FROM cognitive_load_metrics WHERE user_id = $1 AND "timestamp" >= $2 - interval '125 days' AND "timestamp" < $2
       UNION ALL SELECT status, date, actual_minutes, objectives FROM missions WHERE user_id = $1 AND date >= $2 - interval '125 days' AND date < $2
       UNION ALL SELECT rating, reviewed_at, NULL, NULL FROM reviews WHERE user_id = $1 AND reviewed_at >= $2 - interval '125 days' AND reviewed_at < $2
       UNION ALL SELECT id, "timestamp", session_performance_score, event_data FROM behavioral_events WHERE user_id = $1 AND "timestamp" >= $2 - interval '125 days' AND "timestamp" < $2 AND event_type = 'SESSION_ENDED'$$),
    ('explain_pattern', false, $$SELECT * FROM btwin_api.explain_pattern(pattern_id => 'pt' || btwin._caller(NULL) || '-8', as_of => $2)$$,
     $$SELECT p.*, v.method, v.version, h.changed_at, h.change, h.confidence, h.pattern_data, u.behavioral_analysis_enabled FROM users u JOIN behavioral_patterns p ON p.user_id = u.id AND p.id = 'pt' || u.id || '-8' LEFT JOIN btwin.provenance v ON v.user_id = u.id AND v.kind = 'behavioral_patterns' AND v.id = p.id LEFT JOIN btwin.pattern_history h ON h.user_id = u.id AND h.pattern_id = p.id WHERE u.id = $1$$),
    -- with the model as it was then, which all outcomes before it made
    ('explain_struggle', true, $$SELECT * FROM btwin_api.explain_struggle(prediction_id => 'pr' || btwin._caller(NULL) || '-8', as_of => $2)$$,
     $$SELECT p.topic_id, p.predicted_at, p.predicted_struggle_probability, p.feature_vector FROM struggle_predictions p WHERE p.user_id = $1 AND (p.id = 'pr' || $1 || '-8' OR p.actual_outcome_recorded_at < $2)
       UNION ALL SELECT h.prediction_id, h.computed_for, h.probability, h.feature_vector FROM btwin.prediction_history h WHERE h.user_id = $1 AND h.prediction_id = 'pr' || $1 || '-8'
       UNION ALL SELECT v.method, v.computed_for, v.low, NULL FROM btwin.provenance v WHERE v.user_id = $1 AND v.kind = 'struggle_predictions' AND v.id = 'pr' || $1 || '-8'
       UNION ALL SELECT time_zone, NULL, NULL, NULL FROM btwin.learner z WHERE user_id = $1
       UNION ALL SELECT id, updated_at, behavioral_analysis_enabled::int::float8, NULL::jsonb FROM users WHERE id = $1$$),
    ('behavioral_dashboard', false, $$SELECT btwin_api.behavioral_dashboard(as_of => $2)$$,
     $$SELECT p.pattern_name, p.last_seen_at, p.confidence, p.pattern_data FROM behavioral_patterns p LEFT JOIN btwin.provenance v ON v.user_id = $1 AND v.kind = 'behavioral_patterns' AND v.id = p.id WHERE p.user_id = $1
       UNION ALL SELECT description, applied_at, priority_score, NULL FROM recommendations WHERE user_id = $1
       UNION ALL SELECT description, deadline, target_value, progress_history FROM behavioral_goals WHERE user_id = $1
       UNION ALL SELECT description, acknowledged_at, confidence, NULL FROM behavioral_insights WHERE user_id = $1
       UNION ALL SELECT topic_id, predicted_at, predicted_struggle_probability, struggling_factors FROM struggle_predictions WHERE user_id = $1
       UNION ALL SELECT message, read_at, NULL, NULL FROM insight_notifications WHERE user_id = $1
       UNION ALL SELECT id, completed_at, duration_ms, objective_completions FROM study_sessions WHERE user_id = $1 AND started_at >= $2 - interval '125 days' AND started_at < $2
       UNION ALL SELECT session_id, "timestamp", load_score, stress_indicators FROM cognitive_load_metrics WHERE user_id = $1 AND "timestamp" >= $2 - interval '125 days' AND "timestamp" < $2
       UNION ALL SELECT status, date, actual_minutes, objectives FROM missions WHERE user_id = $1 AND date >= $2 - interval '125 days' AND date < $2 + interval '366 days'
       UNION ALL SELECT rating, reviewed_at, NULL, NULL FROM reviews WHERE user_id = $1 AND reviewed_at >= $2 - interval '125 days' AND reviewed_at < $2
       UNION ALL SELECT id, "timestamp", session_performance_score, event_data FROM behavioral_events WHERE user_id = $1 AND "timestamp" >= $2 - interval '125 days' AND "timestamp" < $2 AND event_type = 'SESSION_ENDED'
       UNION ALL SELECT id, last_analyzed_at, data_quality_score, learning_style_profile FROM user_learning_profiles WHERE user_id = $1
       UNION ALL SELECT time_zone, NULL, NULL, NULL FROM btwin.learner z WHERE user_id = $1
       UNION ALL SELECT id, updated_at, behavioral_analysis_enabled::int::float8, NULL::jsonb FROM users WHERE id = $1
       UNION ALL SELECT prediction_id, computed_for, probability, feature_vector FROM btwin.prediction_history WHERE user_id = $1 AND computed_for <= $2$$);

-- Processor seconds of this server process so far, in ticks of 10 ms. SECURITY DEFINER:
-- the loops run as a learner, who may read no file; it takes no argument and gives a number.
CREATE FUNCTION bench.cpu() RETURNS float8 LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog
AS $$SELECT (f[12]::float8 + f[13]::float8) / 100 FROM regexp_split_to_array(substr(pg_read_file('/proc/self/stat'), strpos(pg_read_file('/proc/self/stat'), ')') + 2), ' ') AS f$$;
-- A loop over learners around a statement with cached plans.
CREATE FUNCTION bench.make_loop(name text, statement text) RETURNS void LANGUAGE plpgsql AS $make$
BEGIN
    EXECUTE format($f$CREATE FUNCTION bench.%I(learners text[], times int, moment timestamptz) RETURNS float8 LANGUAGE plpgsql AS $body$
DECLARE
    learner text;
    begun   float8 := bench.cpu();
BEGIN
    FOR i IN 1..times LOOP
        FOREACH learner IN ARRAY learners LOOP
            PERFORM set_config('request.jwt.claims', '{"sub": "' || learner || '"}', true);
            %s;
        END LOOP;
    END LOOP;
    RETURN bench.cpu() - begun;
END $body$$f$, name, replace(replace(statement, '$1', 'learner'), '$2', 'moment'));
END $make$;
SELECT bench.make_loop('loop_empty', 'NULL') \g /dev/null
-- all columns are fetched: PERFORM of a set keeps nothing but counts nothing away either
SELECT bench.make_loop('call_' || name, 'PERFORM count(t) FROM (' || call || ') AS t'), bench.make_loop('rows_' || name, 'PERFORM count(t) FROM (' || rows_by_index || ') AS t') FROM bench.endpoint \g /dev/null
GRANT USAGE ON SCHEMA bench, public TO bench_learner;
GRANT SELECT ON ALL TABLES IN SCHEMA bench, public TO bench_learner;
CREATE TABLE bench.endpoint_run (name text, round int, call float8, rows_by_index float8, empty float8);
GRANT ALL ON bench.endpoint_run TO bench_learner;

CREATE PROCEDURE bench.measure(rounds int, moment timestamptz) LANGUAGE plpgsql AS $$
DECLARE
    part        record;
    learners    text[] := (SELECT a.learners FROM bench.active a);
    times       int;
    rows_times  int;
    a float8; b float8; e float8;
BEGIN
    SET LOCAL ROLE bench_learner;
    FOR part IN SELECT * FROM bench.endpoint ORDER BY name LOOP
        -- a side of a round takes a third of a second at least: a tick is 3 % of it
        EXECUTE format('SELECT bench.%I($1, 1, $2)', 'call_' || part.name) INTO a USING learners, moment;
        EXECUTE format('SELECT bench.%I($1, 2, $2)', 'call_' || part.name) INTO a USING learners, moment;
        EXECUTE format('SELECT bench.%I($1, 20, $2)', 'rows_' || part.name) INTO b USING learners, moment;
        times := ceil(0.35 / greatest(a / 2, 0.005));
        rows_times := ceil(0.35 / greatest(b / 20, 0.0005));
        FOR round IN 1..rounds LOOP
            EXECUTE format('SELECT bench.%I($1, $2, $3)', 'call_' || part.name) INTO a USING learners, times, moment;
            EXECUTE format('SELECT bench.%I($1, $2, $3)', 'rows_' || part.name) INTO b USING learners, rows_times, moment;
            e := bench.loop_empty(learners, 400, moment) / 400;
            INSERT INTO bench.endpoint_run VALUES (part.name, round, (a / times - e) / cardinality(learners), (b / rows_times - e) / cardinality(learners), e / cardinality(learners));
        END LOOP;
    END LOOP;
END $$;
CALL bench.measure(7, :'until');

-- bytes of an answer
CREATE FUNCTION bench.bytes(statement text, learners text[], moment timestamptz) RETURNS float8 LANGUAGE plpgsql AS $$
DECLARE
    learner text;
    found   bigint;
    total   bigint := 0;
BEGIN
    FOREACH learner IN ARRAY learners LOOP
        PERFORM set_config('request.jwt.claims', '{"sub": "' || learner || '"}', true);
        EXECUTE 'SELECT octet_length(coalesce(json_agg(t), ''[]'')::text) FROM (' || replace(statement, '$2', '$1') || ') AS t' INTO found USING moment;
        total := total + found;
    END LOOP;
    RETURN total / cardinality(learners)::float8;
END $$;
\pset null ''
\echo microseconds of processor time a call (median of 7 rounds); ratio to the rows alone; bytes of the answer
CREATE TEMP TABLE answer AS
SELECT e.name, e.whole_history, percentile_cont(0.5) WITHIN GROUP (ORDER BY r.call) * 1e6 AS call_us, percentile_cont(0.5) WITHIN GROUP (ORDER BY r.rows_by_index) * 1e6 AS rows_us,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY r.call / r.rows_by_index) AS ratio,
       bench.bytes(e.call, (SELECT a.learners FROM bench.active a), :'until') AS bytes
FROM bench.endpoint e JOIN bench.endpoint_run r ON r.name = e.name GROUP BY e.name, e.whole_history, e.call;
SELECT name, round(call_us::numeric) AS call_us, round(rows_us::numeric) AS rows_us, round(ratio::numeric, 2) AS ratio,
       CASE WHEN name = 'behavioral_dashboard' THEN 8 WHEN NOT whole_history THEN 6 END AS bar, CASE WHEN ratio > CASE WHEN name = 'behavioral_dashboard' THEN 8 WHEN NOT whole_history THEN 6 END THEN 'NO' ELSE 'holds' END AS bar_holds,
       round(bytes::numeric) AS bytes
FROM answer ORDER BY name;
SELECT round(percentile_cont(0.5) WITHIN GROUP (ORDER BY ratio)::numeric, 2) AS median_ratio, 3 AS bar, round(avg(call_us)::numeric) AS mean_us FROM answer;
DO $$BEGIN
    IF EXISTS (SELECT p.proname FROM pg_proc p WHERE p.pronamespace = 'btwin_api'::regnamespace AND p.provolatile = 's'
               AND p.proname NOT IN ('explain_struggle', 'explain_pattern', 'experiment_result') EXCEPT SELECT e.name FROM bench.endpoint e) THEN
        RAISE 'a read of btwin_api has no line here';
    END IF;
END$$;
DROP OWNED BY bench_learner;
