-- Burnout: the risk, what it is made of, its signals and advice; and the profile
-- of stress. Everything is asked for 2026-03-16 12:00 UTC.
\set QUIET on
SET client_min_messages = warning;
SET DateStyle = 'ISO, YMD';
SET timezone = 'UTC';
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS btwin;
SELECT plan(109);
\set m '''2026-03-16 12:00+00''::timestamptz'

\ir api_helpers.psql
CREATE TEMP TABLE attached AS SELECT * FROM btwin.attach('public');
ALTER TABLE cognitive_load_metrics ALTER confidence_level SET DEFAULT 0.5, ALTER stress_indicators SET DEFAULT '[]';
ALTER TABLE missions ALTER objectives SET DEFAULT '[]';

-- rows of a learner, by the moment
CREATE FUNCTION pg_temp.study(learner text, at timestamptz, minutes float8, completed timestamptz DEFAULT '2000-01-01', id text DEFAULT NULL, mission text DEFAULT NULL) RETURNS void LANGUAGE sql AS
$$INSERT INTO study_sessions (id, user_id, started_at, duration_ms, completed_at, mission_id)
  VALUES (coalesce(id, 's' || md5(random()::text)), learner, at, minutes * 60000, CASE completed WHEN '2000-01-01' THEN at ELSE completed END, mission)$$;
CREATE FUNCTION pg_temp.load(learner text, at timestamptz, score float8, session text DEFAULT NULL) RETURNS void LANGUAGE sql AS
$$INSERT INTO cognitive_load_metrics (user_id, timestamp, load_score, session_id) VALUES (learner, at, score, session)$$;
CREATE FUNCTION pg_temp.mission(learner text, at timestamptz, status text, rating integer DEFAULT NULL, completed timestamptz DEFAULT NULL, started timestamptz DEFAULT NULL) RETURNS void LANGUAGE sql AS
$$INSERT INTO missions (user_id, date, status, difficulty_rating, completed_at, actual_start_time, estimated_minutes) VALUES (learner, at, status, rating, completed, started, 30)$$;
INSERT INTO users (id) SELECT unnest('{nobody,five,other,sig,one,crit,twin,str,str2,edge,fresh}'::text[]);
INSERT INTO users (id, behavioral_analysis_enabled) VALUES ('off', false);
INSERT INTO btwin.learner (user_id, time_zone) VALUES ('five', 'Europe/Berlin'), ('twin', 'Europe/Berlin'), ('str', 'Europe/Berlin'), ('str2', 'Europe/Berlin');
CREATE FUNCTION pg_temp.retention(learner text, at timestamptz, score float8) RETURNS void LANGUAGE sql AS $$
INSERT INTO courses (id, user_id, name) VALUES ('k-' || learner, learner, 'Course of ' || learner) ON CONFLICT DO NOTHING;
INSERT INTO lectures (id, user_id, course_id, title, file_name, file_url, file_size) VALUES ('v-' || learner, learner, 'k-' || learner, 't', 'f', 'u', 1) ON CONFLICT DO NOTHING;
INSERT INTO learning_objectives (id, lecture_id, objective, extracted_by) VALUES ('o-' || learner, 'v-' || learner, 'o', 'x') ON CONFLICT DO NOTHING;
INSERT INTO performance_metrics (user_id, learning_objective_id, date, retention_score, study_time_ms, review_count, correct_reviews, incorrect_reviews) VALUES (learner, 'o-' || learner, at, score, 0, 0, 0, 0)
$$;

-- nobody: no rows of any kind
SELECT is(btwin_api.burnout_risk('nobody', as_of => :m),
    '{"risk": {"value": null, "low": null, "high": null, "confidence": null, "evidence_count": 0, "method": "btwin", "version": "burnout-1", "computed_for": "2026-03-16T12:00:00+00:00", "reasons": [], "reason": "no_rows"},
      "risk_score": null, "risk_level": null, "contributing_factors": [], "warning_signals": [], "recommendations": [], "intervention_plan": null, "assessment_date": "2026-03-16T12:00:00+00:00", "confidence": null,
      "last_assessment": null, "recovery": null, "metadata": {"analysis_window_days": 14, "algorithm": "burnout-1", "weights": {"study_intensity": 0.2, "performance_decline": 0.25, "chronic_cognitive_load": 0.25,
      "schedule_irregularity": 0.15, "engagement_decay": 0.1, "recovery_deficit": 0.05}}}', 'the empty learner');
SELECT is(btwin_api.burnout_risk('nobody', 'epic5', :m) #- '{metadata,weights}',
    '{"risk": {"value": null, "low": null, "high": null, "confidence": null, "evidence_count": 0, "method": "epic5", "version": "epic5-1", "computed_for": "2026-03-16T12:00:00+00:00", "reasons": [], "reason": "no_rows"},
      "risk_score": null, "risk_level": null, "contributing_factors": [], "warning_signals": [], "recommendations": [], "intervention_plan": null, "assessment_date": "2026-03-16T12:00:00+00:00", "confidence": null,
      "last_assessment": null, "recovery": null, "metadata": {"analysis_window_days": 14, "algorithm": "epic5-1"}}', 'by the rule of the reference too');
SELECT is_empty($$SELECT * FROM btwin_api.explain_burnout('nobody', as_of => '2026-03-16 12:00+00') UNION ALL SELECT * FROM btwin_api.explain_burnout('nobody', method_is => 'epic5', as_of => '2026-03-16 12:00+00')$$, 'nothing to explain');

-- epic5, over the rows of [2 March 12:00, 16 March 12:00), each kind with rows just outside.
-- 8 sessions of 300 minutes and two of unknown length: 2400/60/2 = 20 hours a week, not above 20: 25. One not completed, one completed only later.
SELECT pg_temp.study('five', :m - interval '336 hours' + n * interval '1 day', 300) FROM generate_series(0, 7) n \g /dev/null
SELECT pg_temp.study('five', :m - interval '1 hour', NULL, :m), pg_temp.study('five', :m - interval '1 hour', NULL, :m), pg_temp.study('five', :m - interval '2 hours', 60, NULL), pg_temp.study('five', :m - interval '2 hours', 60, :m + interval '1 microsecond'),
       pg_temp.study('five', :m - interval '336:00:00.000001', 60), pg_temp.study('five', :m, 60) \g /dev/null
-- 14 rows, seven of 1 and seven of 0.75: decline 0.25, not above 0.25: 50; the signal compares the first seven with the last seven: 0.25, MEDIUM
SELECT pg_temp.retention('five', :m - interval '336 hours' + n * interval '1 day', CASE WHEN n < 7 THEN 1 ELSE 0.75 END) FROM generate_series(0, 13) n \g /dev/null
SELECT pg_temp.retention('five', :m - interval '336:00:00.000001', 0), pg_temp.retention('five', :m, 0) \g /dev/null
-- five rows of 70 on the days 4 to 8 of Berlin (in UTC two are of the 4th), five low ones: 5 / 10 days, not above 0.5: 75 (in UTC 5 / 9: 100); among the last seven two below 40: 25
SELECT pg_temp.load('five', '2026-03-04 10:00+00', 70), pg_temp.load('five', '2026-03-04 23:30+00', 70), pg_temp.load('five', '2026-03-06 10:00+00', 70), pg_temp.load('five', '2026-03-07 10:00+00', 70),
       pg_temp.load('five', '2026-03-08 10:00+00', 70), pg_temp.load('five', '2026-03-09 10:00+00', 39.9), pg_temp.load('five', '2026-03-10 10:00+00', 39.9), pg_temp.load('five', '2026-03-11 10:00+00', 45),
       pg_temp.load('five', '2026-03-12 10:00+00', 45), pg_temp.load('five', '2026-03-13 10:00+00', 45), pg_temp.load('five', :m - interval '336:00:00.000001', 90), pg_temp.load('five', :m, 90) \g /dev/null
-- ten missions: 3 skipped: 3/14 = 0.21: 75; with one rated 2 (4/10, not above 0.4): 75. One was completed and rated only after the moment, and begun before it: in progress
SELECT pg_temp.mission('five', :m - interval '336 hours', 'SKIPPED'), pg_temp.mission('five', '2026-03-05', 'SKIPPED'), pg_temp.mission('five', '2026-03-06', 'SKIPPED'), pg_temp.mission('five', '2026-03-07', 'COMPLETED', 2, :m),
       pg_temp.mission('five', '2026-03-08', 'COMPLETED', 1, :m + interval '1 microsecond', :m), pg_temp.mission('five', '2026-03-09', 'COMPLETED', 1, :m + interval '1 microsecond', :m + interval '1 microsecond'),
       pg_temp.mission('five', :m - interval '336:00:00.000001', 'SKIPPED'), pg_temp.mission('five', :m, 'SKIPPED') \g /dev/null
SELECT pg_temp.mission('five', '2026-03-10', 'COMPLETED', 3) FROM generate_series(1, 4) \g /dev/null
-- stored: one of just before 14 days ago, one of 14 days ago to the hour, one of yesterday's last microsecond in Berlin, one of today, one of the moment
INSERT INTO burnout_risk_assessments (id, user_id, risk_score, risk_level, contributing_factors, assessment_date) VALUES
    ('b-old', 'five', 10, 'LOW', '[]', :m - interval '336:00:00.000001'), ('b-first', 'five', 20, 'LOW', '[]', :m - interval '336 hours'), ('b-before', 'five', 80, 'CRITICAL', '[]', '2026-03-15 22:59:59.999999+00'),
    ('b-today', 'five', 60, 'HIGH', '[]', '2026-03-15 23:00+00'), ('b-now', 'five', 1, 'LOW', '[]', :m);
SELECT is(btwin._json_number(v, 0, 1)::text, r, 'a number of a document: ' || v::text) FROM (VALUES ('0.12345678901251'::jsonb, '0.12345678901251'), ('1e-400', '0'), ('1e400', NULL), ('"1"', NULL), ('null', NULL)) x (v, r);
CREATE TEMP TABLE five AS SELECT btwin_api.burnout_risk('five', 'epic5', :m) AS d;
-- 0.2 * 25 + 0.25 * 50 + 0.25 * 75 + 0.15 * 75 + 0.1 * 75 + 0.05 * 25 = 5 + 12.5 + 18.75 + 11.25 + 7.5 + 1.25 = 56.25: HIGH.
-- 10 sessions, 10 rows of load (0.8 for fewer than 20): confidence 0.8. 10 + 14 + 10 + 10 rows.
SELECT is(d -> 'risk', '{"value": 56.25, "low": null, "high": null, "confidence": 0.8, "evidence_count": 44, "method": "epic5", "version": "epic5-1", "computed_for": "2026-03-16T12:00:00+00:00",
    "reasons": ["Cognitive load: 18.8 points.", "Results: 12.5 points.", "Missions skipped: 11.3 points.", "Engagement: 7.5 points.", "Hours of study: 5.0 points.", "Want of rest: 1.3 points."], "reason": null}', 'the score') FROM five;
SELECT is(d - '{risk,contributing_factors,warning_signals,recommendations,intervention_plan,last_assessment,recovery,metadata}'::text[],
    '{"risk_score": 56.25, "risk_level": "HIGH", "assessment_date": "2026-03-16T12:00:00+00:00", "confidence": 0.8}', 'and beside it') FROM five;
SELECT is(d -> 'contributing_factors', '[{"factor": "Study Intensity", "score": 25, "weight": 0.2, "percentage": 20, "contribution": 5, "severity": "MEDIUM"},
    {"factor": "Performance Decline", "score": 50, "weight": 0.25, "percentage": 25, "contribution": 12.5, "severity": "HIGH"}, {"factor": "Chronic Cognitive Load", "score": 75, "weight": 0.25, "percentage": 25, "contribution": 18.75, "severity": "CRITICAL"},
    {"factor": "Schedule Irregularity", "score": 75, "weight": 0.15, "percentage": 15, "contribution": 11.25, "severity": "CRITICAL"}, {"factor": "Engagement Decay", "score": 75, "weight": 0.1, "percentage": 10, "contribution": 7.5, "severity": "CRITICAL"},
    {"factor": "Recovery Deficit", "score": 25, "weight": 0.05, "percentage": 5, "contribution": 1.25, "severity": "MEDIUM"}]', 'factors') FROM five;
-- skipped 3 and one in progress: 4, from the first skipped on; 14 - 7 kept = 7 days
SELECT is(d -> 'warning_signals', '[{"type": "PERFORMANCE_DROP", "detected": true, "severity": "MEDIUM", "description": "Retention has fallen by 25 %.", "first_detected_at": "2026-03-09T12:00:00+00:00"},
    {"type": "ENGAGEMENT_LOSS", "detected": true, "severity": "MEDIUM", "description": "Missions skipped or not finished: 4.", "first_detected_at": "2026-03-02T12:00:00+00:00"},
    {"type": "IRREGULAR_PATTERN", "detected": true, "severity": "HIGH", "description": "Days of the last 14 without a mission kept: 7.", "first_detected_at": "2026-03-02T12:00:00+00:00"}]', 'signals') FROM five;
SELECT is(d -> 'recommendations', '["Take a day of rest within the next 48 hours.", "Study half the usual hours.", "Only review what you know.", "Go back to what the present topics build on.", "Take a break every 15 minutes.",
    "Study at the same time every day."]', 'advice: of the level, then of the factors that are HIGH or CRITICAL') FROM five;
SELECT is(d -> 'intervention_plan', '{"type": "WORKLOAD_REDUCTION", "recovery_days": 4, "actions": ["A day of rest within 48 hours.", "Half the study hours for three days.", "Review only.", "Sessions of 20 to 30 minutes.",
    "A break of 10 minutes after every 15.", "Easier material."]}', 'plan, and what the two largest factors add') FROM five;
-- a level has three texts, a plan five: those of another language may be more
INSERT INTO btwin.phrase VALUES ('de', 'burnout.HIGH.4', 'Viertens.'), ('de', 'burnout.plan.WORKLOAD_REDUCTION.6', 'Sechstens.');
SET btwin.locale = 'de';
SELECT is(btwin_api.burnout_risk('five', 'epic5', :m), d, 'and no more of either') FROM five;
RESET btwin.locale;
DELETE FROM btwin.phrase WHERE locale = 'de';
SELECT is(d -> 'last_assessment', '{"id": "b-today", "risk_score": 60, "risk_level": "HIGH", "assessment_date": "2026-03-15T23:00:00+00:00"}', 'the newest stored one before the moment') FROM five;
-- against yesterday's: 13 hours are no whole day; 56.25 - 80; (80 - 56.25) / 80
SELECT is(d -> 'recovery', '{"days_since_intervention": 0, "risk_score_change": -23.75, "recovery_progress": 0.296875, "is_recovered": false}', 'recovery is measured against the newest of an earlier day') FROM five;
-- an earlier day ends with midnight in Berlin, which is not yet over at its own instant
SELECT is(sign((btwin_api.burnout_risk('five', 'epic5', '2026-03-15 23:00:00.000001+00') #>> '{recovery,risk_score_change}')::float8), -1::float8, 'a microsecond after midnight against the 80 of the day before');
SELECT is(sign((btwin_api.burnout_risk('five', 'epic5', '2026-03-15 23:00+00') #>> '{recovery,risk_score_change}')::float8), 1::float8, 'at midnight against the 20 of two weeks ago');
DELETE FROM burnout_risk_assessments WHERE id = 'b-before';
SELECT is(btwin_api.burnout_risk('five', 'epic5', :m) -> 'recovery', '{"days_since_intervention": 14, "risk_score_change": 36.25, "recovery_progress": 0, "is_recovered": false}', 'of 14 days');
DELETE FROM burnout_risk_assessments WHERE id IN ('b-first', 'b-today');
SELECT is(btwin_api.burnout_risk('five', 'epic5', :m) -> 'recovery', 'null', 'none of 14 days: no recovery');
SELECT is(btwin_api.burnout_risk('five', 'epic5', :m) -> 'last_assessment', 'null', 'and no last one');
INSERT INTO burnout_risk_assessments (id, user_id, risk_score, risk_level, contributing_factors, assessment_date) VALUES ('b-x', 'five', 30, 'MEDIUM', '[]', :m - interval '5 days'), ('b-y', 'five', 40, 'MEDIUM', '[]', :m - interval '5 days');
SELECT is(btwin_api.burnout_risk('five', 'epic5', :m) #>> '{last_assessment,id}' || ' ' || (btwin_api.burnout_risk('five', 'epic5', :m) #>> '{recovery,risk_score_change}'), 'b-y 16.25', 'of one time the larger id');
SELECT is(btwin_api.burnout_risk('nobody', 'epic5', :m) -> 'recovery', 'null', 'no score, no recovery');
DELETE FROM burnout_risk_assessments;

SELECT results_eq($$SELECT * FROM btwin_api.explain_burnout('five', method_is => 'epic5', as_of => '2026-03-16 12:00+00')$$,
    $$VALUES ('Chronic Cognitive Load', 75::float8, 0.25::float8, 18.75::float8, NULL::float8, 'Measurements above 60 a day: 0.5.', false, 'epic5-1'), ('Performance Decline', 50, 0.25, 12.5, NULL, 'Relative fall of retention: 0.25.', false, 'epic5-1'),
             ('Schedule Irregularity', 75, 0.15, 11.25, NULL, 'Missions skipped a day: 0.21.', false, 'epic5-1'), ('Engagement Decay', 75, 0.1, 7.5, NULL, 'Share of missions skipped or rated low: 0.4.', false, 'epic5-1'),
             ('Study Intensity', 25, 0.2, 5, NULL, 'Hours a week: 20.', false, 'epic5-1'), ('Recovery Deficit', 25, 0.05, 1.25, NULL, 'Low loads among the last seven: 2.', false, 'epic5-1')$$, 'explained, largest first');

-- ten loads of 80 in six days: 10 / 7 days: 100; none low among the last seven: 100; 25 + 5 = 30: MEDIUM. The reference finds no missions irregular.
SELECT pg_temp.load('sig', :m - interval '6 days' + n * interval '14 hours', 80) FROM generate_series(0, 9) n \g /dev/null
CREATE TEMP TABLE sig AS SELECT btwin_api.burnout_risk('sig', 'epic5', :m) AS d;
SELECT is(concat_ws(' ', d ->> 'risk_score', d ->> 'risk_level'), '30 MEDIUM', 'load alone') FROM sig;
SELECT is(d -> 'warning_signals', '[{"type": "CHRONIC_OVERLOAD", "detected": true, "severity": "HIGH", "description": "Measurements of a load above 60: 10.", "first_detected_at": "2026-03-10T12:00:00+00:00"},
    {"type": "IRREGULAR_PATTERN", "detected": true, "severity": "HIGH", "description": "Days of the last 14 without a mission kept: 14.", "first_detected_at": "2026-03-02T12:00:00+00:00"},
    {"type": "NO_RECOVERY", "detected": true, "severity": "HIGH", "description": "Measurements of the last seven days, none of a low load: 10.", "first_detected_at": "2026-03-10T12:00:00+00:00"}]', 'its signals') FROM sig;
SELECT is(d -> 'recommendations', '["Plan two days of rest for the next seven.", "Study 30 % less.", "Prefer easier topics.", "Take a break every 15 minutes.", "End a session when its load becomes high.", "Put a day without study into this week."]', 'advice, with that of HIGH signals') FROM sig;
SELECT is(d -> 'intervention_plan', '{"type": "SCHEDULE_ADJUSTMENT", "recovery_days": 3, "actions": ["30 % less study hours.", "Two days of rest in seven.", "Topics that are familiar.", "A break every 25 minutes.", "Sessions of 30 to 40 minutes.",
    "Easier material.", "Two light days."]}', 'plan') FROM sig;
-- seven loads: the signal is MEDIUM and gives no advice
DELETE FROM cognitive_load_metrics WHERE user_id = 'sig' AND timestamp >= :m - interval '6 days' + interval '98 hours';
SELECT is(btwin_api.burnout_risk('sig', 'epic5', :m) #> '{warning_signals,0}' ->> 'severity', 'MEDIUM', 'seven of them');
SELECT ok(NOT btwin_api.burnout_risk('sig', 'epic5', :m) -> 'recommendations' ? 'End a session when its load becomes high.', 'no advice for a MEDIUM signal');

-- one session: 0.2 * 25 = 5, LOW; 0.7 * 0.5 * 0.8 * 0.6 of 1 sure
SELECT pg_temp.study('one', :m - interval '3 hours', 30) \g /dev/null
SELECT is(d - '{risk,metadata,contributing_factors,warning_signals,assessment_date}'::text[],
    '{"risk_score": 5, "risk_level": "LOW", "confidence": 0.168, "recommendations": ["Go on as you do.", "Keep one day of rest a week.", "Keep an eye on the load of your sessions."], "last_assessment": null, "recovery": null,
      "intervention_plan": {"type": "CONTENT_SIMPLIFICATION", "recovery_days": 2, "actions": ["One day of rest, before it is needed.", "Three parts of review to two parts of new material."]}}', 'one session')
FROM (SELECT jsonb_set(d, '{confidence}', to_jsonb(round((d ->> 'confidence')::numeric, 9)::float8)) AS d FROM btwin_api.burnout_risk('one', 'epic5', :m) d) x;
SELECT is(btwin_api.burnout_risk('one', 'epic5', :m) #> '{risk,reasons}', '["Hours of study: 5.0 points."]', 'what gives no points is no reason');
SELECT is((SELECT string_agg(factor || ': ' || description, '; ') FROM btwin_api.explain_burnout('one', method_is => 'epic5', as_of => :m)),
    'Study Intensity: Hours a week: 0.25.; Chronic Cognitive Load: Not known: it counts nothing.; Engagement Decay: Not known: it counts nothing.; Performance Decline: Not known: it counts nothing.; '
    'Recovery Deficit: Not known: it counts nothing.; Schedule Irregularity: Not known: it counts nothing.', 'equal contributions by name');
-- 4 sessions that count 25 hours each at most: 50 a week: 100; retention 1 to 0.5: 100; load: 100 and 100; 14 missions, all skipped: 100 and 100: 20 + 25 + 25 + 15 + 10 + 5
SELECT pg_temp.study('crit', :m - n * interval '1 day', 1000 + 500 * n) FROM generate_series(1, 4) n \g /dev/null
SELECT pg_temp.retention('crit', :m - interval '13 days' + n * interval '1 day', CASE WHEN n < 6 THEN 1 ELSE 0.5 END), pg_temp.load('crit', :m - interval '13 days' + n * interval '1 day', 90),
       pg_temp.mission('crit', :m - interval '13 days' + n * interval '1 day', 'SKIPPED') FROM generate_series(0, 12) n \g /dev/null
SELECT is(concat_ws(' ', d ->> 'risk_score', d ->> 'risk_level', d #>> '{intervention_plan,type}', d #>> '{intervention_plan,recovery_days}'), '100 CRITICAL MANDATORY_REST 5', 'critical') FROM btwin_api.burnout_risk('crit', 'epic5', :m) d;
SELECT is(d #> '{intervention_plan,actions}', '["No study for three days.", "No new material.", "After that at most 15 minutes of review a day.", "25 % less every day.", "Prerequisites before anything else."]', 'its plan') FROM btwin_api.burnout_risk('crit', 'epic5', :m) d;
SELECT is(d -> 'recommendations', '["Stop studying for three days.", "Begin no new material.", "Talk to somebody who can help: a tutor, a friend, a counsellor.", "Reduce daily hours by 25 to 50 %.", "Go back to what the present topics build on.",
    "Take a break every 15 minutes.", "Study at the same time every day.", "End a session when its load becomes high.", "Put a day without study into this week."]', 'all advice there is') FROM btwin_api.burnout_risk('crit', 'epic5', :m) d;
SELECT is((SELECT description FROM btwin_api.explain_burnout('crit', method_is => 'epic5', as_of => :m) WHERE factor = 'Study Intensity'), 'Hours a week: 50.', 'a session counts 25 hours at most');
-- rows of one time are in the order of their ids, however they were written: retention 1, 1, 1, 1, 0.5, 0.5, 0.5, 0.5 falls by half; of eight loads the first, which is low, is not among the last seven
BEGIN;
SELECT pg_temp.retention('fresh', :m - interval '1 hour', 0.5) \g /dev/null
DELETE FROM performance_metrics WHERE user_id = 'fresh';
INSERT INTO learning_objectives (id, lecture_id, objective, extracted_by) SELECT 'f' || n, 'v-fresh', 'o', 'x' FROM generate_series(1, 8) n;
INSERT INTO performance_metrics (id, user_id, learning_objective_id, date, retention_score, study_time_ms, review_count, correct_reviews, incorrect_reviews)
SELECT 'f' || n, 'fresh', 'f' || n, :m - interval '1 hour', CASE WHEN n <= 4 THEN 1 ELSE 0.5 END, 0, 0, 0, 0 FROM unnest('{5,1,2,6,7,3,4,8}'::int[]) n;
INSERT INTO cognitive_load_metrics (id, user_id, timestamp, load_score) SELECT 'f' || n, 'fresh', :m - interval '1 hour', CASE n WHEN 1 THEN 30 ELSE 50 END FROM unnest('{5,1,2,6,7,3,4,8}'::int[]) n;
SELECT is((SELECT string_agg(factor || ' ' || value, ', ' ORDER BY factor) FROM btwin_api.explain_burnout('fresh', method_is => 'epic5', as_of => :m) WHERE factor IN ('Performance Decline', 'Recovery Deficit')),
          'Performance Decline 100, Recovery Deficit 100', 'rows of one time');
ROLLBACK;
-- rows of an adopted table that are none
BEGIN;
ALTER TABLE cognitive_load_metrics DROP CONSTRAINT cognitive_load_metrics_load_score_check;
ALTER TABLE performance_metrics DROP CONSTRAINT performance_metrics_retention_score_check;
ALTER TABLE missions DROP CONSTRAINT missions_difficulty_rating_check;
ALTER TABLE study_sessions DROP CONSTRAINT study_sessions_duration_ms_check;
ALTER TABLE burnout_risk_assessments DROP CONSTRAINT burnout_risk_assessments_risk_score_check;
SELECT pg_temp.load('fresh', :m - interval '1 hour', 'NaN'), pg_temp.load('fresh', :m - interval '1 hour', 100.1), pg_temp.load('fresh', :m - interval '1 hour', -0.1), pg_temp.retention('fresh', :m - interval '1 hour', 1.1),
       pg_temp.retention('fresh', :m - interval '2 hours', -0.1), pg_temp.retention('fresh', :m - interval '3 hours', 'NaN') \g /dev/null
SELECT is(btwin_api.burnout_risk('fresh', 'epic5', :m) -> 'risk_score', 'null', 'what is no value is no row');
SELECT pg_temp.load('fresh', :m - interval '1 hour', 0), pg_temp.load('fresh', :m - interval '1 hour', 100), pg_temp.retention('fresh', :m - interval '4 hours', 1), pg_temp.retention('fresh', :m - interval '5 hours', 0),
       pg_temp.mission('fresh', :m - interval '1 hour', 'COMPLETED', 0), pg_temp.mission('fresh', :m - interval '1 hour', 'COMPLETED', 6), pg_temp.mission('fresh', :m - interval '1 hour', 'COMPLETED', 1),
       pg_temp.mission('fresh', :m - interval '1 hour', 'COMPLETED', 5), pg_temp.study('fresh', :m - interval '1 hour', -600) \g /dev/null
SELECT is(btwin_api.burnout_risk('fresh', 'epic5', :m) #> '{risk,evidence_count}', '9', 'the ends of the ranges are');
-- one of four rated low: 0.25, a negative length counts 0 hours
SELECT is((SELECT string_agg(description, ' ') FROM btwin_api.explain_burnout('fresh', method_is => 'epic5', as_of => :m) WHERE factor IN ('Engagement Decay', 'Study Intensity')),
          'Share of missions skipped or rated low: 0.25. Hours a week: 0.', 'a rating outside 1 to 5 is none');
INSERT INTO burnout_risk_assessments (id, user_id, risk_score, risk_level, contributing_factors, assessment_date) VALUES ('c-0', 'fresh', 0, 'LOW', '[]', :m - interval '50 hours'), ('c-100', 'fresh', 100, 'LOW', '[]', :m - interval '80 hours'),
    ('c-x', 'fresh', 100.1, 'LOW', '[{"factor": "Study Intensity", "score": 50, "percentage": 20}]', :m - interval '49 hours'), ('c-y', 'fresh', -0.1, 'LOW', '[]', :m - interval '48 hours');
SELECT is(btwin_api.burnout_risk('fresh', 'epic5', :m) #>> '{last_assessment,id}', 'c-0', 'an assessment without a score is none');
SELECT is(btwin_api.burnout_risk('fresh', 'epic5', :m) #>> '{recovery,days_since_intervention}', '2', 'neither for recovery');
SELECT is(btwin_api.burnout_risk('fresh', 'epic5', :m - interval '50 hours') #>> '{last_assessment,id}', 'c-100', 'not that of the moment itself');
SELECT is_empty($$SELECT * FROM btwin_api.explain_burnout('fresh', 'c-x', as_of => '2026-03-16 12:00+00')$$, 'nor is there anything to explain');
SELECT isnt_empty($$SELECT * FROM btwin_api.explain_burnout('fresh', 'c-100', as_of => '2026-03-16 12:00+00')$$, 'of 100 there is');
ROLLBACK;

-- btwin: as the burnout family says over the learner's days, which are those of Berlin. 80 days with an hour's session (load 40, result 0.8, a mission);
-- the last 10 three hours, load 75, every second mission skipped. Sessions at 23:10 UTC are of the next day in Berlin.
SELECT pg_temp.study('twin', d, CASE WHEN n < 10 THEN 180 ELSE 60 END), pg_temp.load('twin', d, CASE WHEN n < 10 THEN 75 ELSE 40 END),
       pg_temp.mission('twin', d, CASE WHEN n < 10 AND n % 2 = 0 THEN 'SKIPPED' ELSE 'COMPLETED' END)
FROM (SELECT n, '2026-03-15 23:10+00'::timestamptz - n * interval '1 day' AS d FROM generate_series(0, 79) n) x \g /dev/null
INSERT INTO behavioral_events (user_id, event_type, event_data, timestamp, session_performance_score, completion_quality)
SELECT 'twin', 'SESSION_ENDED', '{}', '2026-03-15 23:10+00'::timestamptz - n * interval '1 day', 80 - CASE WHEN n < 10 THEN 30 ELSE 0 END, 'NORMAL' FROM generate_series(0, 79) n;
SELECT pg_temp.load('twin', :m, 100), pg_temp.study('twin', :m, 1000) \g /dev/null
CREATE TEMP TABLE days AS
SELECT btwin.burnout_agg('2026-03-16'::date - n, CASE WHEN n < 10 THEN 3 ELSE 1 END * 3600000::float8, CASE WHEN n < 10 THEN 75 ELSE 40 END::float8, NULL::float8, 1, CASE WHEN n < 10 AND n % 2 = 0 THEN 1 ELSE 0 END,
                         CASE WHEN n < 10 THEN 0.5 ELSE 0.8 END::float8, 0, NULL) AS state FROM generate_series(0, 79) n;
CREATE TEMP TABLE twin AS SELECT btwin_api.burnout_risk('twin', as_of => :m) AS d;
CREATE FUNCTION pg_temp.r(value float8) RETURNS numeric LANGUAGE sql AS 'SELECT round(value::numeric, 8)';
SELECT results_eq($$SELECT pg_temp.r((d #>> '{risk,value}')::float8), pg_temp.r((d #>> '{risk,low}')::float8), pg_temp.r((d #>> '{risk,high}')::float8), d ->> 'risk_level', pg_temp.r((d ->> 'confidence')::float8),
                           (d #>> '{risk,evidence_count}')::int, d #>> '{risk,reason}' FROM twin$$,
    $$SELECT pg_temp.r(r.score), pg_temp.r(r.low), pg_temp.r(r.high), r.level, pg_temp.r(r.confidence), r.evidence_days, r.reason FROM days, btwin.risk(state, '2026-03-16') r$$, 'the score of the family');
SELECT cmp_ok((d ->> 'risk_score')::float8, '>', 50::float8, 'which is high') FROM twin;
SELECT is(concat_ws(' ', d ->> 'risk_score' = d #>> '{risk,value}', d ->> 'confidence' = d #>> '{risk,confidence}', d #>> '{risk,method}', d #>> '{risk,version}', d #>> '{risk,computed_for}', d #>> '{metadata,algorithm}'),
          't t btwin burnout-1 2026-03-16T12:00:00+00:00 burnout-1', 'by which rule') FROM twin;
SELECT results_eq($$SELECT f.factor, pg_temp.r(f.score), pg_temp.r(f.weight), pg_temp.r(f.percentage), pg_temp.r(f.contribution), f.severity FROM twin, jsonb_to_recordset(d -> 'contributing_factors') AS f (factor text, score float8, weight float8, percentage float8, contribution float8, severity text)$$,
    $$SELECT f.factor, pg_temp.r(f.score), pg_temp.r(f.weight), pg_temp.r(100 * f.weight), pg_temp.r(f.contribution), f.severity FROM days, btwin.factors(state, '2026-03-16') f$$, 'its factors');
SELECT is((SELECT string_agg(DISTINCT k, ' ' ORDER BY k) FROM twin, jsonb_array_elements(d -> 'contributing_factors') e, jsonb_object_keys(e) k), 'contribution factor percentage score severity weight', 'and nothing else of them');
SELECT results_eq($$SELECT s ->> 'type', s -> 'detected', s ->> 'severity', (s ->> 'first_detected_at')::timestamptz FROM twin, jsonb_array_elements(d -> 'warning_signals') s$$,
    $$SELECT s.type, 'true'::jsonb, s.severity, s.first_detected::timestamp AT TIME ZONE 'Europe/Berlin' FROM days, btwin.signals(state, '2026-03-16') s$$, 'its signals, since the first day in Berlin');
SELECT results_eq($$SELECT s ->> 'description' FROM twin, jsonb_array_elements(d -> 'warning_signals') s ORDER BY 1$$,
    $$SELECT CASE s.type WHEN 'CHRONIC_OVERLOAD' THEN 'The load of the last two weeks is above what is normal: ' || trim_scale(round(s.value::numeric, 1)) || ' on average.'
                         WHEN 'PERFORMANCE_DROP' THEN 'Results have fallen by ' || trim_scale(round((100 * s.value)::numeric, 1)) || ' points of 100.'
                         WHEN 'ENGAGEMENT_LOSS' THEN trim_scale(round((100 * s.value)::numeric, 1)) || ' % of what was planned is skipped, left open or rated low.'
                         WHEN 'IRREGULAR_PATTERN' THEN trim_scale(round((100 * s.value)::numeric, 1)) || ' % of planned missions are skipped.'
                         WHEN 'NO_RECOVERY' THEN 'Days of rest among the last seven: ' || trim_scale(round(s.value::numeric, 1)) || '.' END
      FROM days, btwin.signals(state, '2026-03-16') s ORDER BY 1$$, 'in words');
SELECT is((SELECT array_agg(s.type ORDER BY s.type) FROM days, btwin.signals(state, '2026-03-16') s), '{CHRONIC_OVERLOAD,ENGAGEMENT_LOSS,IRREGULAR_PATTERN,NO_RECOVERY,PERFORMANCE_DROP}', 'all five of them');
SELECT is(d #> '{risk,reasons}' ->> 0, (SELECT CASE factor WHEN 'Chronic Cognitive Load' THEN 'Cognitive load: ' WHEN 'Performance Decline' THEN 'Results: ' WHEN 'Study Intensity' THEN 'Hours of study: ' END || round(contribution::numeric, 1) || ' points.'
          FROM days, btwin.factors(state, '2026-03-16') ORDER BY contribution DESC, factor LIMIT 1), 'the largest reason first') FROM twin;
SELECT results_eq($$SELECT factor, pg_temp.r(value), pg_temp.r(weight), pg_temp.r(contribution), contribution_logit, is_base, version FROM btwin_api.explain_burnout('twin', as_of => '2026-03-16 12:00+00')$$,
    $$SELECT factor, pg_temp.r(score), pg_temp.r(weight), pg_temp.r(contribution), NULL::float8, false, 'burnout-1' FROM days, btwin.factors(state, '2026-03-16') ORDER BY contribution DESC, factor$$, 'explained');
SELECT ok(abs((SELECT sum(contribution) FROM btwin_api.explain_burnout('twin', as_of => :m)) - (d ->> 'risk_score')::float8) < 1e-9, 'the contributions sum to the score') FROM twin;
SELECT is((SELECT description FROM btwin_api.explain_burnout('twin', as_of => :m) WHERE factor = 'Schedule Irregularity'),
          (SELECT format('Share of missions skipped: %s, normally %s.', trim_scale(round(value::numeric, 2)), trim_scale(round(normal::numeric, 2))) FROM days, btwin.factors(state, '2026-03-16') WHERE factor = 'Schedule Irregularity'), 'with what is normal');
-- two days into it six factors have points, two of them less than one; two days before, what there is rounds to nothing
SELECT is((SELECT string_agg(jsonb_array_length(r #> '{risk,reasons}')::text, ' ' ORDER BY d) FROM unnest('{2026-03-06 12:00+00,2026-03-07 12:00+00,2026-03-08 12:00+00}'::timestamptz[]) d, btwin_api.burnout_risk('twin', as_of => d) r),
          (SELECT string_agg((SELECT count(*) FROM btwin.factors((SELECT btwin.rollup(x.s) FROM (SELECT btwin.burnout_agg(e.day, e.study_ms, e.load, e.retention, e.planned::int, e.skipped::int, e.performance, e.in_progress::int, NULL) AS s FROM btwin.days(state) e
                      WHERE e.day <= d) x), d) f WHERE f.contribution >= 0.05)::text, ' ' ORDER BY d) FROM days, unnest('{2026-03-06,2026-03-07,2026-03-08}'::date[]) d), 'reasons are what has points');
SELECT is(btwin_api.burnout_risk('twin', as_of => '2026-03-08 12:00+00') #> '{risk,reasons,5}', '"Want of rest: 0.4 points."', 'the least of six');
-- at the learner's midnight the day that ends
SELECT is((SELECT pg_temp.r((btwin_api.burnout_risk('twin', as_of => '2026-03-15 23:00+00') ->> 'risk_score')::float8)), (SELECT pg_temp.r(btwin.risk_score(state, '2026-03-15')) FROM days), 'the day before, at midnight');
-- one session of an hour: nothing to compare results with; what is not known weighs nothing
SELECT is(btwin_api.burnout_risk('one', as_of => :m) -> 'contributing_factors' -> 1, '{"factor": "Performance Decline", "score": null, "weight": 0, "percentage": 0, "contribution": 0, "severity": null}', 'one session: an unknown factor');
SELECT is((SELECT description FROM btwin_api.explain_burnout('one', as_of => :m) WHERE factor = 'Performance Decline'), 'Not known: it counts nothing.', 'which is said');
SELECT is(btwin_api.burnout_risk('one', as_of => :m) #> '{intervention_plan,type}', '"CONTENT_SIMPLIFICATION"', 'and has a plan');
SELECT is(btwin_api.burnout_risk('one', as_of => :m + interval '20 days') #>> '{risk,reason}', 'no_rows', 'three weeks later nothing is known');

-- a stored assessment: by what it says, else by score and percentage; what is left over is the clamp
INSERT INTO burnout_risk_assessments (id, user_id, risk_score, risk_level, contributing_factors, assessment_date) VALUES
    ('e-1', 'five', 30, 'MEDIUM', '[{"factor": "Study Intensity", "score": 50, "percentage": 20, "severity": "HIGH"}, {"factor": "Chronic Cognitive Load", "score": 100, "percentage": 25}, {"score": 3}, 7, {"factor": "Recovery Deficit", "percentage": "x"}]', :m),
    ('e-2', 'five', 12, 'LOW', '[{"factor": "Engagement Decay", "score": 50, "weight": 0.2, "contribution": 7}, {"factor": "Study Intensity", "score": 50, "weight": 0.1, "contribution": 5.0000000009}, {"factor": "Recovery Deficit", "score": 101, "weight": 1.1, "percentage": 101, "contribution": 101}]', :m),
    ('e-3', 'five', 9, 'LOW', '{}', :m + interval '1 microsecond'), ('e-4', 'five', 0, 'LOW', '{}', :m - interval '200 days'), ('e-7', 'five', 0, 'LOW', '[{"factor": "a", "score": 5, "percentage": 100}]', :m), ('e-5', 'other', 9, 'LOW', '[]', :m),
    ('e-6', 'five', 8, 'LOW', '[{"factor": "a", "score": 100, "weight": 1, "contribution": 0}, {"factor": "b", "score": 0, "weight": 0, "contribution": 100}, {"factor": "c", "score": 8, "percentage": 100}, {"factor": "d", "score": 8, "percentage": 0}, {"factor": "e", "score": -1, "weight": -1, "percentage": -1, "contribution": -1}]', :m);
INSERT INTO btwin.provenance (user_id, kind, id, method, version, computed_for) VALUES ('five', 'burnout_risk_assessments', 'e-2', 'btwin', 'burnout-1', :m), ('five', 'other', 'e-1', 'x', 'x', :m), ('other', 'burnout_risk_assessments', 'e-1', 'x', 'x', :m);
SELECT results_eq($$SELECT * FROM btwin_api.explain_burnout('five', 'e-1', as_of => '2026-03-16 12:00+00')$$,
    -- 0.25 * 100 + 0.2 * 50 = 35, five more than was stored
    $$VALUES ('Chronic Cognitive Load', 100::float8, 0.25::float8, 25::float8, NULL::float8, 'As stored with the assessment.', false, NULL::text), ('Study Intensity', 50, 0.2, 10, NULL, 'As stored with the assessment.', false, NULL),
             ('clamp', NULL, NULL, -5, NULL, 'What the stored score differs from the sum of its factors.', false, NULL), ('Recovery Deficit', NULL, NULL, 0, NULL, 'As stored with the assessment.', false, NULL)$$, 'an assessment of the application');
SELECT results_eq($$SELECT factor, value, weight, contribution, version FROM btwin_api.explain_burnout('five', 'e-2', method_is => 'epic5', as_of => '2026-03-16 12:00+00')$$,
    $$VALUES ('Engagement Decay', 50::float8, 0.2::float8, 7::float8, 'burnout-1'), ('Study Intensity', 50, 0.1, 5.0000000009, 'burnout-1'), ('Recovery Deficit', NULL, NULL, 0, 'burnout-1')$$, 'one of ours: no clamp for less than 1e-9, nothing from numbers out of range');
INSERT INTO burnout_risk_assessments (id, user_id, risk_score, risk_level, contributing_factors, assessment_date) VALUES ('e-8', 'five', 1e-9, 'LOW', '{}', :m);
SELECT is_empty($$SELECT * FROM btwin_api.explain_burnout('five', 'e-8', as_of => '2026-03-16 12:00+00')$$, 'nor for 1e-9 itself');
UPDATE burnout_risk_assessments SET risk_score = 12.0000000021 WHERE id = 'e-2';
SELECT is((SELECT round(contribution::numeric, 10) FROM btwin_api.explain_burnout('five', 'e-2', as_of => :m) WHERE factor = 'clamp'), 0.0000000012, 'but for more');
SELECT results_eq($$SELECT factor, value, weight, contribution FROM btwin_api.explain_burnout('five', 'e-6', as_of => '2026-03-16 12:00+00')$$,
    $$VALUES ('b', 0::float8, 0::float8, 100::float8), ('clamp', NULL, NULL, -100), ('c', 8, 1, 8), ('a', 100, 1, 0), ('d', 8, 0, 0), ('e', NULL, NULL, 0)$$, 'the ends of the ranges');
SELECT is((SELECT string_agg(factor || ' ' || contribution, ', ') FROM btwin_api.explain_burnout('five', 'e-7', as_of => :m)), 'a 5, clamp -5', 'of equal size by name');
SELECT is_empty($$SELECT * FROM btwin_api.explain_burnout('five', 'e-4', as_of => '2026-03-16 12:00+00')$$, 'a score of 0 without factors sums up');
SELECT is(pg_temp.refusal(format('SELECT * FROM btwin_api.explain_burnout(%s, as_of => ''2026-03-16 12:00+00'')', a)), r, 'explain_burnout ' || a)
FROM (VALUES ($$'five', 'e-3'$$, 'PT404 unknown_id'), ($$'five', 'e-5'$$, 'PT404 unknown_id'), ($$'five', 'none'$$, 'PT404 unknown_id'), ($$'five', 'e-4', 'web'$$, 'PT400 not_allowed_value method_is'), ($$'five', NULL, NULL$$, 'PT400 missing_argument method_is')) c (a, r);
SELECT is(pg_temp.refusal($$SELECT btwin_api.burnout_risk('five', 'web')$$), 'PT400 not_allowed_value method_is', 'a method that is none');
SELECT is(pg_temp.refusal($$SELECT btwin_api.burnout_risk('five', NULL)$$), 'PT400 missing_argument method_is', 'no method');

-- stress_profile
SELECT is(btwin_api.stress_profile('nobody', :m), '{"stressors": [], "coping_strategies": [], "profile_confidence": 0, "stored_patterns": [],
    "load_tolerance": {"value": 65, "low": null, "high": null, "confidence": 0, "evidence_count": 0, "method": "btwin", "version": "stress-1", "computed_for": "2026-03-16T12:00:00+00:00", "reasons": [], "reason": "default_used"},
    "avg_recovery_hours": {"value": 24, "low": null, "high": null, "confidence": 0, "evidence_count": 0, "method": "btwin", "version": "stress-1", "computed_for": "2026-03-16T12:00:00+00:00", "reasons": [], "reason": "default_used"}}', 'the empty learner');
INSERT INTO courses (id, user_id, name) VALUES ('anatomy', 'str', 'Anatomy'), ('biology', 'str', 'Biology'), ('chemistry', 'str', 'Chemistry'), ('physics', 'str2', 'Physics'), ('zoology', 'other', 'Zoology');
INSERT INTO lectures (id, user_id, course_id, title, file_name, file_url, file_size) SELECT 'v-' || c.id, c.user_id, c.id, 't', 'f', 'u', 1 FROM courses c WHERE c.id IN ('anatomy', 'biology', 'chemistry', 'physics', 'zoology');
INSERT INTO learning_objectives (id, lecture_id, objective, extracted_by) VALUES ('oa1', 'v-anatomy', 'o', 'x'), ('oa2', 'v-anatomy', 'o', 'x'), ('ob', 'v-biology', 'o', 'x'), ('oc', 'v-chemistry', 'o', 'x'), ('op', 'v-physics', 'o', 'x'), ('oz', 'v-zoology', 'o', 'x');
INSERT INTO missions (id, user_id, date, estimated_minutes, objectives) VALUES ('ma', 'str', '2026-01-01', 30, '[{"id": "oa1"}, {"objectiveId": "oa2", "id": "oc"}, {"id": "ob"}, {"id": "oz"}]'), ('mc', 'str', '2026-01-01', 30, '[{"id": "oc"}]'),
    ('mp', 'str2', '2026-01-01', 30, '[{"id": "op"}]'), ('mx', 'str', '2026-01-01', 30, '{"id": "oa1"}');
-- six sessions of anatomy and biology of load 66 (60 and 72), five at 20 hours of Berlin, the sixth on the window's first instant, 182 days ago, one an instant before it that does not count
CREATE FUNCTION pg_temp.hard(learner text, at timestamptz, loads float8[], mission text DEFAULT NULL) RETURNS void LANGUAGE sql AS $$
SELECT pg_temp.study(learner, at, 30, id => learner || at, mission => mission);
SELECT pg_temp.load(learner, at, l, learner || at) FROM unnest(loads) l;
$$;
SELECT pg_temp.hard('str', '2026-01-10 19:00+00'::timestamptz + n * interval '1 day', '{60,72}', 'ma') FROM generate_series(1, 5) n \g /dev/null
SELECT pg_temp.hard('str', :m - interval '4368 hours', '{66}', 'ma'), pg_temp.hard('str', :m - interval '4368:00:00.000001', '{100}', 'ma'), pg_temp.hard('str', :m, '{100}', 'ma') \g /dev/null
-- ten of chemistry at exactly 65: no stressor; at 20 hours (5 * 66 + 10 * 65) / 15 = 65.33. Nine at 9 hours of 61, ten at 10 hours of exactly 60, eight at 11 hours of 90: too few
SELECT pg_temp.hard('str', '2025-12-01 19:59+00'::timestamptz + n * interval '1 day', '{65}', 'mc') FROM generate_series(1, 10) n \g /dev/null
SELECT pg_temp.hard('str', '2025-12-01 08:00+00'::timestamptz + n * interval '1 day', '{61}', 'mx') FROM generate_series(1, 9) n \g /dev/null
SELECT pg_temp.hard('str', '2025-12-01 09:00+00'::timestamptz + n * interval '1 day', '{60}') FROM generate_series(1, 10) n \g /dev/null
SELECT pg_temp.hard('str', '2025-12-01 10:00+00'::timestamptz + n * interval '1 day', '{90}') FROM generate_series(1, 8) n \g /dev/null
-- sessions without a load, and loads of sessions that are gone, are none of them
SELECT pg_temp.study('str', '2025-12-20 08:00+00'::timestamptz + n * interval '1 day', 30), pg_temp.load('str', '2025-12-20 08:00+00'::timestamptz + n * interval '1 day', 99, 'gone' || n) FROM generate_series(1, 9) n \g /dev/null
-- six sessions of 71 in the week before an exam of 20 February, to both ends of it; beside it, two that do not belong to it
SELECT pg_temp.hard('str', '2026-02-20 12:00+00'::timestamptz - h * interval '1 hour', '{71}') FROM unnest('{168,167,94,69,44,0}'::int[]) h \g /dev/null
SELECT pg_temp.hard('str', '2026-02-20 12:00+00'::timestamptz + interval '1 microsecond', '{20}'), pg_temp.hard('str', '2026-02-20 12:00+00'::timestamptz - interval '168:00:00.000001', '{20}') \g /dev/null
INSERT INTO exams (user_id, name, date, course_id, created_at) VALUES ('str', 'x', '2026-02-20 12:00+00', 'anatomy', :m), ('str', 'entered later', '2025-12-05', 'anatomy', :m + interval '1 microsecond'), ('other', 'of another', '2025-12-05', 'zoology', '2025-01-01');
INSERT INTO user_learning_profiles (id, user_id, data_quality_score, preferred_study_times, average_session_duration, optimal_session_duration, content_preferences, learning_style_profile, personalized_forgetting_curve) VALUES
    ('p-str', 'str', 0.8, '[]', 40, 40, '{}', '{"loadTolerance": 70.5, "stressProfile": {"avgRecoveryTime": 30, "copingStrategies": ["walk", 5, "sleep"]}}', '{}'),
    ('p-str2', 'str2', 1, '[]', 40, 40, '{}', '{"loadTolerance": 100.1, "stressProfile": {"avgRecoveryTime": 8761, "copingStrategies": "walk"}}', '{}'), ('p-edge', 'edge', 0.5, '[]', 40, 40, '{}', '{"loadTolerance": 100, "stressProfile": {"avgRecoveryTime": 8760}}', '{}');
INSERT INTO stress_response_patterns (id, user_id, pattern_data, confidence, detected_at) VALUES ('r1', 'str', '{"a": 1}', 0.7, :m - interval '2 days'), ('r2', 'str', '{}', 0.7, :m - interval '1 day'), ('r3', 'str', '{}', 0.9, '2000-01-01 00:00+00'),
    ('r4', 'str', '{}', 0.7, :m - interval '1 day'), ('r5', 'str', '{}', 0.7, :m), ('r6', 'str', '{}', 0.7, '1999-12-31 23:59+00');
INSERT INTO btwin.provenance (user_id, kind, id, method, version, computed_for, evidence_count) VALUES ('str', 'user_learning_profiles', 'p-str', 'btwin', 'profile-1', :m, 77), ('str', 'other', 'p-str', 'x', 'x', :m, 1);
CREATE TEMP TABLE str AS SELECT btwin_api.stress_profile('str', :m) AS d;
SELECT results_eq($$SELECT s ->> 'type', s ->> 'label', round((s ->> 'mean_load')::numeric, 6), s -> 'session_count', s -> 'confidence' FROM str, jsonb_array_elements(d -> 'stressors') s$$,
    $$VALUES ('EXAM_PROXIMITY', 'The week before an exam', 71.000000, '6'::jsonb, '0.6'::jsonb), ('TOPIC', 'Anatomy', 66, '6', '0.6'), ('TOPIC', 'Biology', 66, '6', '0.6'), ('HOUR', '20:00', 65.333333, '15', '0.9'), ('HOUR', '09:00', 61, '9', '0.6')$$, 'stressors');
SELECT is(d -> 'load_tolerance', '{"value": 70.5, "low": null, "high": null, "confidence": 0.8, "evidence_count": 77, "method": "btwin", "version": "profile-1", "computed_for": "2026-03-16T12:00:00+00:00", "reasons": [], "reason": null}', 'tolerance of the profile') FROM str;
SELECT is(d -> 'avg_recovery_hours', '{"value": 30, "low": null, "high": null, "confidence": 0.8, "evidence_count": 77, "method": "btwin", "version": "profile-1", "computed_for": "2026-03-16T12:00:00+00:00", "reasons": [], "reason": null}', 'recovery of the profile') FROM str;
SELECT is(d -> 'coping_strategies', '["walk", "sleep"]', 'texts of the profile') FROM str;
-- by confidence, then the newest, then id
SELECT is(d -> 'stored_patterns', '[{"id": "r3", "pattern_data": {}, "confidence": 0.9, "detected_at": "2000-01-01T00:00:00+00:00"}, {"id": "r2", "pattern_data": {}, "confidence": 0.7, "detected_at": "2026-03-15T12:00:00+00:00"},
    {"id": "r4", "pattern_data": {}, "confidence": 0.7, "detected_at": "2026-03-15T12:00:00+00:00"}, {"id": "r1", "pattern_data": {"a": 1}, "confidence": 0.7, "detected_at": "2026-03-14T12:00:00+00:00"}]', 'patterns that the application stored') FROM str;
-- 10 + 1 + 10 + 9 + 10 + 8 + 9 + 6 + 2 = 65 measurements, 4 patterns: 0.5 * 0.8 + 0.3 * 0.65 + 0.2 * 0.4
SELECT is(round((d ->> 'profile_confidence')::numeric, 9), 0.675000000, 'confidence of the profile') FROM str;
-- ten sessions of 90 of one course, all within a week before an exam five days ahead of the moment: 0.95 and 0.85 at most; 120 measurements and 52 patterns count as 100 and 10
SELECT pg_temp.hard('str2', '2026-03-16 00:00+00'::timestamptz + n * interval '1 hour', array_fill(90::float8, ARRAY[12]), 'mp') FROM generate_series(1, 10) n \g /dev/null
INSERT INTO exams (user_id, name, date, course_id, created_at) VALUES ('str2', 'x', :m + interval '5 days', 'physics', '2025-01-01');
INSERT INTO stress_response_patterns (user_id, pattern_data, confidence, detected_at) SELECT 'str2', '{}', CASE n WHEN 51 THEN 0.4 ELSE 0.5 END, '2026-03-01'::timestamptz + n * interval '1 hour' FROM generate_series(0, 51) n;
SELECT is((SELECT string_agg(concat_ws(' ', s ->> 'label', s ->> 'mean_load', s ->> 'session_count', s ->> 'confidence'), ', ') FROM jsonb_array_elements(d -> 'stressors') s), 'Physics 90 10 0.95, The week before an exam 90 10 0.85', 'of one load by label, confidence at most so')
FROM btwin_api.stress_profile('str2', :m) d;
SELECT is(concat_ws(' ', d ->> 'profile_confidence', d #>> '{load_tolerance,reason}', d #>> '{load_tolerance,value}', d #>> '{avg_recovery_hours,reason}', d -> 'coping_strategies', jsonb_array_length(d -> 'stored_patterns')), '1 default_used 65 default_used [] 50', 'each part at most 1; what is out of range is not used')
FROM btwin_api.stress_profile('str2', :m) d;
SELECT is((SELECT concat_ws(' ', min(e ->> 'detected_at'), max(e ->> 'detected_at')) FROM jsonb_array_elements(btwin_api.stress_profile('str2', :m) -> 'stored_patterns') e), '2026-03-01T01:00:00+00:00 2026-03-03T02:00:00+00:00',
          'left out are the least sure and the oldest');
SELECT is(concat_ws(' ', d ->> 'profile_confidence', d #>> '{load_tolerance,value}', d #>> '{load_tolerance,method}', d #>> '{avg_recovery_hours,value}'), '0.25 100 application 8760', 'a profile of the application') FROM btwin_api.stress_profile('edge', :m) d;
-- of five measurements two are loads: 0.25 + 0.3 * 0.02; of three patterns none: their confidence is none
BEGIN;
ALTER TABLE cognitive_load_metrics DROP CONSTRAINT cognitive_load_metrics_load_score_check;
ALTER TABLE stress_response_patterns DROP CONSTRAINT stress_response_patterns_confidence_check;
ALTER TABLE user_learning_profiles DROP CONSTRAINT user_learning_profiles_data_quality_score_check;
SELECT pg_temp.load('edge', :m - interval '1 hour', l) FROM unnest('{0,100,100.1,-0.1,NaN}'::float8[]) l \g /dev/null
INSERT INTO stress_response_patterns (user_id, pattern_data, confidence, detected_at) SELECT 'edge', '{}', c, '2026-03-01' FROM unnest('{1.1,-0.1,NaN}'::float8[]) c;
SELECT is(round((btwin_api.stress_profile('edge', :m) ->> 'profile_confidence')::numeric, 9), 0.256000000, 'what is out of range is not counted');
INSERT INTO stress_response_patterns (user_id, pattern_data, confidence, detected_at) SELECT 'edge', '{}', c, '2026-03-01' FROM unnest('{0,1}'::float8[]) c;
UPDATE user_learning_profiles SET data_quality_score = 1.1 WHERE user_id = 'edge';
SELECT is(round((btwin_api.stress_profile('edge', :m) ->> 'profile_confidence')::numeric, 9), 0.046000000, 'its ends are; a quality that is none counts 0');
UPDATE user_learning_profiles SET learning_style_profile = '{"loadTolerance": 0, "stressProfile": {"avgRecoveryTime": 0}}' WHERE user_id = 'edge';
SELECT is(concat_ws(' ', d #>> '{load_tolerance,value}', d #>> '{load_tolerance,reason}', d #>> '{avg_recovery_hours,value}', d #>> '{avg_recovery_hours,reason}'), '0 0', 'none at all is a tolerance') FROM btwin_api.stress_profile('edge', :m) d;
UPDATE user_learning_profiles SET data_quality_score = -0.1 WHERE user_id = 'edge';
SELECT is(round((btwin_api.stress_profile('edge', :m) ->> 'profile_confidence')::numeric, 9), 0.046000000, 'below 0 too');
ROLLBACK;
-- an exam exactly a week after the last instant before the moment
DELETE FROM exams WHERE user_id = 'str2';
INSERT INTO exams (user_id, name, date, course_id, created_at) VALUES ('str2', 'x', '2026-03-23 10:00+00', 'physics', '2025-01-01');
SELECT is((SELECT s -> 'session_count' FROM jsonb_array_elements(btwin_api.stress_profile('str2', :m) -> 'stressors') s WHERE s ->> 'type' = 'EXAM_PROXIMITY'), NULL, 'one session of ten within the week: too few');

-- who may ask; without rights to write, without a search path
SELECT is(pg_temp.refusal(format('SELECT * FROM btwin_api.%I(%s)', f, a)), r, f || '(' || a || ')')
FROM unnest('{burnout_risk,explain_burnout,stress_profile}'::text[]) f,
     (VALUES ($$'off'$$, 'PT403 analysis_disabled'), ($$'unknown'$$, 'PT404 unknown_learner user_id'), ('NULL', 'PT400 user_required user_id'), ($$'five', as_of => 'infinity'$$, 'PT400 out_of_range as_of')) c (a, r);
SET btwin.user_id = 'five';
SET default_transaction_read_only = on;
SET search_path = '';
SELECT pg_catalog.count(*) AS n FROM (SELECT btwin_api.burnout_risk(as_of => '2026-03-16 12:00+00'), btwin_api.burnout_risk(method_is => 'epic5', as_of => '2026-03-16 12:00+00'), btwin_api.stress_profile()) a,
    btwin_api.explain_burnout(method_is => 'epic5', as_of => '2026-03-16 12:00+00') b, btwin_api.explain_burnout(assessment_id => 'e-1', as_of => '2026-03-16 12:00+00') c \gset
RESET search_path;
SET default_transaction_read_only = off;
SELECT is(:n, 24, 'the caller''s own, without a search path and read only: six factors, four stored rows');
SELECT * FROM finish();
