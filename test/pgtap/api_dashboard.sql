-- btwin_api.behavioral_dashboard: its parts are those of the functions they are named
-- after, and its own figures are worked out here by hand.
\set QUIET on
SET client_min_messages = warning;
SET DateStyle = 'ISO, YMD';
SET TimeZone = 'UTC';
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS btwin;
SELECT plan(61);

\ir api_helpers.psql
SELECT is(pg_temp.refusal('SELECT btwin_api.behavioral_dashboard()'), 'PT400 not_attached', 'before attach');
CREATE TEMP TABLE attached AS SELECT * FROM btwin.attach('public');
\set t '''2026-03-16 12:00+00'''
INSERT INTO users (id, behavioral_analysis_enabled) VALUES ('ann', true), ('new', true), ('one', true), ('off', false);
SET btwin.user_id = 'ann';
CREATE FUNCTION pg_temp.dashboard(learner text, moment timestamptz) RETURNS jsonb LANGUAGE sql AS 'SELECT btwin_api.behavioral_dashboard(learner, moment)';

-- refusals, in the order of checks
SELECT is(pg_temp.refusal('SELECT btwin_api.behavioral_dashboard(''nobody'', ''infinity'')'), 'PT400 out_of_range as_of', 'arguments first');
SELECT is(pg_temp.refusal('SELECT btwin_api.behavioral_dashboard(''nobody'')'), 'PT404 unknown_learner user_id', 'then the learner');
SELECT is(pg_temp.refusal('SELECT btwin_api.behavioral_dashboard(''off'')'), 'PT403 analysis_disabled', 'then whether analysis is on');

-- the empty learner: every key, empty lists, no figure out of nothing
CREATE TEMP TABLE empty AS SELECT pg_temp.dashboard('new', :t) AS d;
SELECT is((SELECT string_agg(k, ' ' ORDER BY k COLLATE "C") FROM empty, jsonb_object_keys(d) k),
          'alerts burnout cognitive_load goal_suggestions goals insights meta metrics notifications patterns recommendations', 'keys');
SELECT is((SELECT string_agg(DISTINCT d ->> k, ' ') FROM empty, unnest('{alerts,goal_suggestions,goals,insights,notifications,patterns,recommendations}'::text[]) k), '[]', 'empty lists');
SELECT is((SELECT string_agg(concat_ws(' ', k, coalesce(d -> 'metrics' -> k ->> 'value', 'null'), d -> 'metrics' -> k ->> 'reason', d -> 'metrics' -> k ->> 'confidence'), ', ' ORDER BY k) FROM empty, jsonb_object_keys(d -> 'metrics') k),
          'consistency null no_rows 0, efficiency null no_rows 0, focus null no_rows 0, retention null no_rows 0', 'metrics without rows');
SELECT is((SELECT string_agg(DISTINCT d -> 'metrics' -> k ->> 'reasons', ' ') FROM empty, jsonb_object_keys(d -> 'metrics') k), '[]', 'made of nothing');
SELECT is((SELECT d #>> '{burnout,risk,reason}' FROM empty), 'no_rows', 'no risk');
SELECT is((SELECT d -> 'burnout' ->> 'risk_level' FROM empty), NULL, 'nor a level');
SELECT is((SELECT d #>> '{cognitive_load,load,reason}' FROM empty), 'no_rows', 'no load');
SELECT is((SELECT d -> 'meta' FROM empty), '{"patterns_count": 0, "recommendations_count": 0, "active_goals_count": 0, "recent_insights_count": 0, "unread_notifications_count": 0, "last_updated": null, "computed_for": "2026-03-16T12:00:00+00:00"}', 'counts of nothing');

-- consistency: sessions started in the last 30 days, from 2026-02-14 12:00 to the moment itself
INSERT INTO study_sessions (id, user_id, started_at, completed_at, duration_ms) VALUES
    ('o1', 'one', '2026-03-16 11:00+00', '2026-03-16 11:30+00', 1800000),
    ('s0', 'ann', '2026-02-14 11:59:59.999999+00', NULL, NULL),
    ('s1', 'ann', '2026-02-14 12:00+00', NULL, NULL),
    ('s2', 'ann', '2026-03-16 12:00+00', NULL, NULL),
    ('s3', 'ann', '2026-03-16 12:00:00.000001+00', NULL, NULL);
SELECT is((SELECT d #>> '{metrics,consistency,value}' FROM pg_temp.dashboard('one', :t) d), '3', 'one session: 100/30, rounded');
SELECT is((SELECT concat_ws(' ', d #>> '{metrics,consistency,value}', d #>> '{metrics,consistency,evidence_count}', d #>> '{metrics,consistency,confidence}', d #>> '{metrics,consistency,version}') FROM pg_temp.dashboard('ann', :t) d),
          '7 2 1 dashboard-1', 'two of four lie in the 30 days: 200/30 = 6.67');
-- New York's clock went an hour ahead on March 8: by it 30 days would begin at 13:00
SET TimeZone = 'America/New_York';
SELECT is((SELECT d #>> '{metrics,consistency,value}' FROM pg_temp.dashboard('ann', :t) d), '7', 'whatever the time zone of the session');
SET TimeZone = 'UTC';
INSERT INTO study_sessions (id, user_id, started_at) SELECT 'c' || g, 'ann', timestamptz '2026-03-15 00:00+00' + g * interval '10 minutes' FROM generate_series(1, 27) g;
SELECT is((SELECT d #>> '{metrics,consistency,value}' FROM pg_temp.dashboard('ann', :t) d), '97', '29 sessions: 96.67');
INSERT INTO study_sessions (id, user_id, started_at) SELECT 'd' || g, 'ann', timestamptz '2026-03-14 00:00+00' + g * interval '10 minutes' FROM generate_series(1, 2) g;
SELECT is((SELECT d #>> '{metrics,consistency,value}' FROM pg_temp.dashboard('ann', :t) d), '100', '31 sessions are no more than 100');
SELECT is((SELECT d #>> '{metrics,consistency,reasons,0}' FROM pg_temp.dashboard('ann', :t) d), 'sessions in 30 days: 31', 'and why');

-- the learner of one session gets one of each: an answer, a pattern, a mission of a minute that took none (accuracy 0)
INSERT INTO courses (id, user_id, name) VALUES ('k1', 'one', 'course');
INSERT INTO cards (id, course_id, front, back) VALUES ('card1', 'k1', 'f', 'b');
INSERT INTO reviews (id, user_id, card_id, rating, time_spent_ms, reviewed_at) VALUES ('or', 'one', 'card1', 'GOOD', 1000, '2026-03-16 11:00+00');
INSERT INTO missions (id, user_id, date, status, estimated_minutes, actual_minutes, completed_at, objectives) VALUES ('om', 'one', '2026-03-16 00:00+00', 'COMPLETED', 1, 0, '2026-03-16 11:00+00', '[]');
INSERT INTO behavioral_patterns (id, user_id, pattern_type, pattern_name, pattern_data, confidence, evidence, occurrence_count, first_detected_at, last_seen_at)
VALUES ('op', 'one', 'FORGETTING_CURVE', 'op', '{}', 0.75, '{}', 1, '2026-03-01 12:00+00', '2026-03-10 12:00+00');
SELECT is((SELECT string_agg(concat_ws(' ', k, m ->> 'value', m ->> 'evidence_count', m ->> 'reasons'), '; ' ORDER BY k) FROM pg_temp.dashboard('one', :t) d, jsonb_each(d -> 'metrics') AS e (k, m)),
          'consistency 3 1 ["sessions in 30 days: 1"]; efficiency 0 1 ["missions in 30 days with planned and actual minutes: 1"]; focus 75 1 ["patterns of confidence 0.7 and more: 1"]; retention 100 1 ["answers GOOD or EASY in 30 days: 1 of 1"]', 'one of each is something');
SELECT is((SELECT d #>> '{metrics,consistency,confidence}' FROM pg_temp.dashboard('one', :t) d), '1', 'and a count is certain');

-- retention: GOOD or EASY among the answers of 30 days
INSERT INTO courses (id, user_id, name) VALUES ('k', 'ann', 'course');
INSERT INTO cards (id, course_id, front, back) VALUES ('card', 'k', 'f', 'b');
INSERT INTO reviews (id, user_id, card_id, rating, time_spent_ms, reviewed_at) VALUES
    ('r0', 'ann', 'card', 'AGAIN', 1000, '2026-02-14 11:59:59.999999+00'),
    ('r1', 'ann', 'card', 'AGAIN', 1000, '2026-02-14 12:00+00'),
    ('r2', 'ann', 'card', 'HARD',  1000, '2026-03-01 12:00+00'),
    ('r3', 'ann', 'card', 'GOOD',  1000, '2026-03-02 12:00+00'),
    ('r4', 'ann', 'card', 'EASY',  1000, '2026-03-16 12:00+00'),
    ('r5', 'ann', 'card', 'AGAIN', 1000, '2026-03-16 12:00:00.000001+00');
-- 2 of 4; Wilson: z = 1.95996, z^2 = 3.841459, middle 0.5, half = z sqrt(0.25/4 + 3.841459/64) / (1 + 3.841459/4) = 0.349962
SELECT is((SELECT concat_ws(' ', d #>> '{metrics,retention,value}', round((d #>> '{metrics,retention,low}')::numeric, 3), round((d #>> '{metrics,retention,high}')::numeric, 3), d #>> '{metrics,retention,evidence_count}')
           FROM pg_temp.dashboard('ann', :t) d), '50 15.004 84.996 4', 'half of four answers, with its interval');
SELECT is((SELECT d #>> '{metrics,retention,reasons,0}' FROM pg_temp.dashboard('ann', :t) d), 'answers GOOD or EASY in 30 days: 2 of 4', 'in words');

-- efficiency: planned and actual minutes of missions completed in 30 days
INSERT INTO missions (id, user_id, date, status, estimated_minutes, actual_minutes, completed_at, objectives) VALUES
    ('m0', 'ann', '2026-02-14 00:00+00', 'COMPLETED', 60, 60, '2026-02-14 11:59:59.999999+00', '[]'),
    ('m1', 'ann', '2026-02-14 00:00+00', 'COMPLETED', 60, 45, '2026-02-14 12:00+00', '[]'),             -- 75
    ('m2', 'ann', '2026-03-16 00:00+00', 'COMPLETED', 60, 150, '2026-03-16 12:00+00', '[]'),            -- 0, not -50
    ('m3', 'ann', '2026-03-16 00:00+00', 'COMPLETED', 60, 60, '2026-03-16 12:00:00.000001+00', '[]'),
    ('m4', 'ann', '2026-03-10 00:00+00', 'COMPLETED', 0, 10, '2026-03-10 12:00+00', '[]'),
    ('m5', 'ann', '2026-03-10 00:00+00', 'COMPLETED', 60, NULL, '2026-03-10 12:00+00', '[]'),
    ('m6', 'ann', '2026-03-10 00:00+00', 'PENDING', 60, NULL, NULL, '[]'),
    ('m7', 'ann', '2026-01-15 12:00+00', 'COMPLETED', 60, 60, '2026-03-10 12:00+00', '[]'),             -- 60 days late: 100
    ('m8', 'ann', '2026-01-15 11:59:59.999999+00', 'COMPLETED', 60, 30, '2026-03-10 12:00+00', '[]'),   -- later than that
    ('m9', 'ann', '2026-04-15 11:59:59.999999+00', 'COMPLETED', 60, 63, '2026-03-10 12:00+00', '[]'),   -- 30 days early: 95
    ('m10', 'ann', '2026-04-15 12:00+00', 'COMPLETED', 60, 30, '2026-03-10 12:00+00', '[]');            -- earlier than that
-- (75 + 0 + 100 + 95)/4 = 67.5; sd 46.278; t of 3 degrees of freedom 3.1824: half 73.64, so 0 to 100
SELECT is((SELECT concat_ws(' ', d #>> '{metrics,efficiency,value}', d #>> '{metrics,efficiency,low}', d #>> '{metrics,efficiency,high}', d #>> '{metrics,efficiency,evidence_count}') FROM pg_temp.dashboard('ann', :t) d),
          '67.5 0 100 4', 'efficiency');

-- patterns, and focus: the mean confidence of those listed
INSERT INTO behavioral_patterns (id, user_id, pattern_type, pattern_name, pattern_data, confidence, evidence, occurrence_count, first_detected_at, last_seen_at)
SELECT v.id, 'ann', v.pattern_type, v.id, v.pattern_data::jsonb, v.confidence, '{}', 1, '2026-03-01 12:00+00', v.last_seen_at::timestamptz
FROM (VALUES ('p1', 'OPTIMAL_STUDY_TIME', '{}', 0.95, '2026-03-10 12:00+00'), ('p2', 'OPTIMAL_STUDY_TIME', '{}', 0.7, '2026-03-10 12:00+00'),
             ('p3', 'CONTENT_TYPE_PREFERENCE', '{}', 0.8, '2026-03-10 12:00+00'), ('p4', 'FORGETTING_CURVE', '{}', 0.69999, '2026-03-11 12:00+00'),
             ('p5', 'SESSION_DURATION_PREFERENCE', '{"recommendedDuration": 45}', 0.6, '2026-03-12 12:00+00')) AS v (id, pattern_type, pattern_data, confidence, last_seen_at);
SELECT is((SELECT jsonb_path_query_array(d, '$.patterns[*].id') FROM pg_temp.dashboard('ann', :t) d), '["p1", "p3", "p2"]', 'patterns from 0.7 on, the surest first');
-- (0.95 + 0.8 + 0.7)/3 = 0.81667
SELECT is((SELECT concat_ws(' ', d #>> '{metrics,focus,value}', d #>> '{metrics,focus,evidence_count}', round((d #>> '{metrics,focus,confidence}')::numeric, 4)) FROM pg_temp.dashboard('ann', :t) d), '82 3 0.8167', 'focus');
SELECT is((SELECT d -> 'patterns' FROM pg_temp.dashboard('ann', :t) d), (SELECT jsonb_agg(to_jsonb(p)) FROM btwin_api.patterns(min_confidence => 0.7, max_rows => 5, as_of => :t) p), 'as patterns() has them');
INSERT INTO behavioral_patterns (id, user_id, pattern_type, pattern_name, pattern_data, confidence, evidence, occurrence_count, first_detected_at, last_seen_at)
SELECT 'q' || g, 'ann', 'ATTENTION_CYCLE', 'q' || g, '{}', 0.9, '{}', 1, '2026-03-01 12:00+00', '2026-03-10 12:00+00' FROM generate_series(1, 4) g;
SELECT is((SELECT jsonb_path_query_array(d, '$.patterns[*].id') FROM pg_temp.dashboard('ann', :t) d), '["p1", "q1", "q2", "q3", "q4"]', 'five of seven');
SELECT is((SELECT d #>> '{meta,patterns_count}' FROM pg_temp.dashboard('ann', :t) d), '7', 'of which there are seven');
SELECT is((SELECT concat_ws(' ', d #>> '{metrics,focus,value}', d #>> '{metrics,focus,evidence_count}', round((d #>> '{metrics,focus,confidence}')::numeric, 6)) FROM pg_temp.dashboard('ann', :t) d), '91 5 0.910000', '(0.95 + 4 x 0.9)/5');
DELETE FROM behavioral_patterns WHERE id LIKE 'q%';

-- recommendations, goals, insights, alerts
INSERT INTO recommendations (id, user_id, recommendation_type, title, description, actionable_text, confidence, estimated_impact, ease_of_implementation, user_readiness, priority_score, status, created_at, applied_at)
SELECT 'rc' || g, 'ann', 'RETENTION_STRATEGY', 't', 'd', 'a', 0.5, 0.5, 0.5, 0.5, g / 10.0, CASE g WHEN 8 THEN 'VIEWED' ELSE 'PENDING' END, '2026-03-10 12:00+00', CASE g WHEN 7 THEN timestamptz '2026-03-16 12:00+00' WHEN 6 THEN timestamptz '2026-03-16 12:00:00.000001+00' END
FROM generate_series(1, 8) g;
SELECT is((SELECT jsonb_path_query_array(d, '$.recommendations[*].id') FROM pg_temp.dashboard('ann', :t) d), '["rc6", "rc5", "rc4", "rc3", "rc2"]', 'five recommendations, pending and not applied by then');
SELECT is((SELECT d #>> '{meta,recommendations_count}' FROM pg_temp.dashboard('ann', :t) d), '6', 'of six');
SELECT is((SELECT d -> 'recommendations' FROM pg_temp.dashboard('ann', :t) d), (SELECT jsonb_agg(to_jsonb(r)) FROM btwin_api.recommendations(status_is => 'PENDING', max_rows => 5, as_of => :t) r), 'as recommendations() has them');
INSERT INTO behavioral_goals (id, user_id, goal_type, title, description, target_metric, current_value, target_value, deadline, status, progress_history, created_at)
SELECT 'g' || to_char(g, 'FM00'), 'ann', 'CUSTOM', 't', 'd', 'm', 0, 1, timestamptz '2026-03-20 12:00+00' + g * interval '1 day', CASE WHEN g = 22 THEN 'PAUSED' ELSE 'ACTIVE' END, '[]', '2026-03-10 12:00+00' FROM generate_series(1, 22) g;
SELECT is((SELECT concat_ws(' ', jsonb_array_length(d -> 'goals'), d #>> '{goals,0,id}', d #>> '{goals,19,id}', d #>> '{meta,active_goals_count}') FROM pg_temp.dashboard('ann', :t) d), '20 g01 g20 21', 'twenty of twenty-one active goals, the nearest deadline first');
SELECT is((SELECT d -> 'goals' FROM pg_temp.dashboard('ann', :t) d), (SELECT jsonb_agg(to_jsonb(g)) FROM btwin_api.goals(max_rows => 20, as_of => :t) g), 'as goals() has them');
INSERT INTO behavioral_insights (id, user_id, insight_type, title, description, actionable_recommendation, confidence, created_at, acknowledged_at)
SELECT 'i' || v.g, 'ann', 'STUDY_TIME_OPTIMIZATION', 't', 'd', 'a', v.g / 10.0, v.created_at::timestamptz, CASE v.g WHEN 9 THEN timestamptz '2026-03-16 11:00+00' END
FROM (VALUES (9, '2026-03-10 12:00+00'), (8, '2026-03-09 12:00+00'), (7, '2026-03-09 11:59:59.999999+00'), (6, '2026-03-16 12:00+00'), (5, '2026-03-16 12:00:00.000001+00'),
             (4, '2026-03-01 12:00+00'), (3, '2026-03-01 12:00+00'), (2, '2026-03-01 12:00+00')) AS v (g, created_at);
SELECT is((SELECT jsonb_path_query_array(d, '$.insights[*].id') FROM pg_temp.dashboard('ann', :t) d), '["i8", "i7", "i6", "i4", "i3"]', 'five open insights, the surest first');
SELECT is((SELECT d #>> '{meta,recent_insights_count}' FROM pg_temp.dashboard('ann', :t) d), '3', 'three of seven days: i9, i8, i6');
SELECT is((SELECT d -> 'insights' FROM pg_temp.dashboard('ann', :t) d), (SELECT jsonb_agg(to_jsonb(i)) FROM btwin_api.insights(max_rows => 5, as_of => :t) i), 'as insights() has them');
INSERT INTO lectures (id, user_id, course_id, title, file_name, file_url, file_size) VALUES ('v', 'ann', 'k', 't', 'f', 'u', 1);
INSERT INTO learning_objectives (id, lecture_id, objective, extracted_by, complexity) SELECT 'ob' || g, 'v', 'o', 'x', 'BASIC' FROM generate_series(1, 4) g;
INSERT INTO struggle_predictions (id, user_id, learning_objective_id, predicted_struggle_probability, prediction_confidence, prediction_status, feature_vector, struggling_factors, prediction_date, predicted_at)
SELECT 'sp' || g, 'ann', 'ob' || g, 0.7 + g / 100.0, 0.5, 'PENDING', '{}', '{}', '2026-03-17 12:00+00', '2026-03-15 12:00+00' FROM generate_series(1, 4) g;
-- an alert needs a severe sign
INSERT INTO struggle_indicators (id, user_id, prediction_id, learning_objective_id, indicator_type, severity, context, detected_at)
SELECT 'si' || g, 'ann', 'sp' || g, 'ob' || g, 'LOW_RETENTION', 'HIGH', '{}', '2026-03-15 12:00+00' FROM generate_series(1, 4) g;
SELECT is((SELECT jsonb_array_length(d -> 'alerts') FROM pg_temp.dashboard('ann', :t) d), 3, 'three alerts of four');
SELECT is((SELECT d -> 'alerts' FROM pg_temp.dashboard('ann', :t) d), (SELECT jsonb_agg(to_jsonb(a)) FROM btwin_api.alerts(as_of => :t) a), 'as alerts() has them');

-- notifications: unread at the moment, the newest first
INSERT INTO insight_notifications (id, user_id, notification_type, title, message, priority, related_entity_id, related_entity_type, created_at, read_at)
SELECT 'n' || to_char(g, 'FM00'), 'ann', 'NEW_INSIGHT', 't', 'm', 'HIGH', 'e', 'insight', timestamptz '2026-03-16 12:00+00' - g * interval '1 hour', NULL FROM generate_series(0, 21) g;
UPDATE insight_notifications SET read_at = '2026-03-16 12:00+00' WHERE id = 'n01';
UPDATE insight_notifications SET read_at = '2026-03-16 12:00:00.000001+00' WHERE id = 'n02';
INSERT INTO insight_notifications (id, user_id, notification_type, title, message, created_at) VALUES ('n99', 'ann', 'NEW_INSIGHT', 't', 'm', '2026-03-16 12:00:00.000001+00');
SELECT is((SELECT concat_ws(' ', jsonb_array_length(d -> 'notifications'), d #>> '{notifications,0,id}', d #>> '{notifications,1,id}', d #>> '{notifications,19,id}', d #>> '{meta,unread_notifications_count}') FROM pg_temp.dashboard('ann', :t) d),
          '20 n00 n02 n20 21', 'twenty of twenty-one: one was read by then, one is not there yet');
SELECT is((SELECT d #> '{notifications,0}' FROM pg_temp.dashboard('ann', :t) d),
          '{"id": "n00", "notification_type": "NEW_INSIGHT", "title": "t", "message": "m", "priority": "HIGH", "related_entity_id": "e", "related_entity_type": "insight", "created_at": "2026-03-16T12:00:00+00:00"}', 'one of them');

-- load and burnout as their functions say
INSERT INTO cognitive_load_metrics (id, user_id, session_id, load_score, stress_indicators, confidence_level, timestamp) VALUES
    ('l1', 'ann', 's2', 40, '[]', 0.5, '2026-03-16 10:00+00'), ('l2', 'ann', 's2', 65, '[]', 0.5, '2026-03-16 11:00+00');
SELECT is((SELECT d -> 'cognitive_load' FROM pg_temp.dashboard('ann', :t) d), (SELECT jsonb_build_object('load', l -> 'load', 'load_level', l -> 'load_level', 'trend', l -> 'trend') FROM btwin_api.cognitive_load_current(as_of => :t) l), 'load');
SELECT is((SELECT concat_ws(' ', d #>> '{cognitive_load,load,value}', d #>> '{cognitive_load,load_level}', d #>> '{cognitive_load,trend}') FROM pg_temp.dashboard('ann', :t) d), '65 HIGH up', 'which is 65, 25 more than before');
SELECT is((SELECT d -> 'burnout' FROM pg_temp.dashboard('ann', :t) d), (SELECT jsonb_build_object('risk', b -> 'risk', 'risk_level', b -> 'risk_level') FROM btwin_api.burnout_risk(as_of => :t) b), 'burnout');
SELECT isnt((SELECT d #>> '{burnout,risk,value}' FROM pg_temp.dashboard('ann', :t) d), NULL, 'which is something');

-- suggestions: the profile's hour is 9, the mix 0.6 0.2 0.1 0.1 (1 - (0.6 - 0.25) = 0.65), sessions of the week last 35 and 45 minutes
SELECT is((SELECT d -> 'goal_suggestions' FROM pg_temp.dashboard('ann', :t) d), '[]', 'nothing measured, nothing suggested');
INSERT INTO user_learning_profiles (id, user_id, preferred_study_times, average_session_duration, optimal_session_duration, content_preferences, learning_style_profile, personalized_forgetting_curve, last_analyzed_at) VALUES
    ('lp', 'ann', '[{"dayOfWeek": -1, "startHour": 9, "endHour": 10, "effectiveness": 0.8}]', 40, 45, '{}', '{"visual": 0.6, "auditory": 0.2, "reading": 0.1, "kinesthetic": 0.1}', '{}', '2026-03-15 02:00+00');
UPDATE study_sessions SET duration_ms = 2100000 WHERE id IN ('c1', 'c2');
UPDATE study_sessions SET duration_ms = 2700000 WHERE id IN ('c3', 'c4');
SELECT is((SELECT jsonb_agg(concat_ws(' ', g ->> 'goal_type', g ->> 'target_metric', g ->> 'current_value', g ->> 'target_value', g ->> 'confidence')) FROM pg_temp.dashboard('ann', :t) d, jsonb_array_elements(d -> 'goal_suggestions') g),
          '["STUDY_TIME_CONSISTENCY peakHourSessionsPerWeek 0 5 0.95", "CONTENT_DIVERSIFICATION varkBalanceScore 0.65 0.7 0.75", "SESSION_DURATION avgSessionDuration 40 45 0.6"]', 'three suggestions, the surest first');
SELECT is((SELECT g ->> 'title' FROM pg_temp.dashboard('ann', :t) d, jsonb_array_elements(d -> 'goal_suggestions') g WHERE g ->> 'goal_type' = 'SESSION_DURATION'), 'Bring your sessions to 45 minutes', 'with the minutes of the pattern');
SELECT is((SELECT d #>> '{meta,last_updated}' FROM pg_temp.dashboard('ann', :t) d), '2026-03-15T02:00:00+00:00', 'last analysis');
SELECT is((SELECT d #>> '{meta,last_updated}' FROM pg_temp.dashboard('ann', '2026-03-15 01:59+00') d), NULL, 'which had not been before');
-- each at its bound
UPDATE behavioral_patterns SET confidence = 0.5999 WHERE id = 'p5';
SELECT is((SELECT count(*) FROM pg_temp.dashboard('ann', :t) d, jsonb_array_elements(d -> 'goal_suggestions') g WHERE g ->> 'goal_type' = 'SESSION_DURATION'), 0::bigint, 'not from a pattern below 0.6');
UPDATE behavioral_patterns SET confidence = 0.6, pattern_data = '{"recommendedDuration": 44.9}' WHERE id = 'p5';
SELECT is((SELECT count(*) FROM pg_temp.dashboard('ann', :t) d, jsonb_array_elements(d -> 'goal_suggestions') g WHERE g ->> 'goal_type' = 'SESSION_DURATION'), 0::bigint, 'nor for less than 5 minutes');
UPDATE behavioral_patterns SET pattern_data = '{"recommendedDuration": 35}' WHERE id = 'p5';
SELECT is((SELECT g ->> 'target_value' FROM pg_temp.dashboard('ann', :t) d, jsonb_array_elements(d -> 'goal_suggestions') g WHERE g ->> 'goal_type' = 'SESSION_DURATION'), '35', 'shorter ones too');
UPDATE user_learning_profiles SET learning_style_profile = '{"visual": 0.55, "auditory": 0.25, "reading": 0.1, "kinesthetic": 0.1}';
SELECT is((SELECT count(*) FROM pg_temp.dashboard('ann', :t) d, jsonb_array_elements(d -> 'goal_suggestions') g WHERE g ->> 'goal_type' = 'CONTENT_DIVERSIFICATION'), 0::bigint, 'a mix of 0.7 is enough');
UPDATE behavioral_goals SET goal_type = 'SESSION_DURATION' WHERE id = 'g01';
SELECT is((SELECT count(*) FROM pg_temp.dashboard('ann', :t) d, jsonb_array_elements(d -> 'goal_suggestions') g WHERE g ->> 'goal_type' = 'SESSION_DURATION'), 0::bigint, 'a goal that is pursued is not suggested');
INSERT INTO study_sessions (id, user_id, started_at) SELECT 'h' || g, 'ann', timestamptz '2026-03-11 09:00+00' + g * interval '1 day' FROM generate_series(0, 3) g;
SELECT is((SELECT g ->> 'current_value' FROM pg_temp.dashboard('ann', :t) d, jsonb_array_elements(d -> 'goal_suggestions') g WHERE g ->> 'goal_type' = 'STUDY_TIME_CONSISTENCY'), '4', 'four sessions at the best hour');
INSERT INTO study_sessions (id, user_id, started_at) VALUES ('h9', 'ann', '2026-03-15 09:00+00');
SELECT is((SELECT count(*) FROM pg_temp.dashboard('ann', :t) d, jsonb_array_elements(d -> 'goal_suggestions') g WHERE g ->> 'goal_type' = 'STUDY_TIME_CONSISTENCY'), 0::bigint, 'five are enough');

-- in any session, and everything finite
SET default_transaction_read_only = on;
SET search_path = '';
SELECT btwin_api.behavioral_dashboard(NULL, :t) AS read_only \gset
RESET search_path;
SET default_transaction_read_only = off;
SELECT is(:'read_only'::jsonb, pg_temp.dashboard('ann', :t), 'read only, with an empty search path; the caller is the learner');
SELECT unalike(pg_temp.dashboard('ann', :t)::text, '%NaN%', 'no NaN');
SELECT is(pg_temp.dashboard('ann', :t) -> 'meta' ->> 'computed_for', '2026-03-16T12:00:00+00:00', 'the moment');
SELECT is((SELECT d #>> '{metrics,consistency,value}' FROM pg_temp.dashboard('ann', '2026-02-14 12:00+00') d), '7', 'at an earlier moment two sessions had been');
SELECT * FROM finish();
