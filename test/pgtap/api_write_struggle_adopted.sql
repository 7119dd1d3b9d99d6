-- Predictions, outcomes, feedback and interventions written to the reference's own
-- tables, as a learner: camelCase, enums, times without a zone that mean UTC.
BEGIN;
SET LOCAL client_min_messages = warning;
SET LOCAL DateStyle = 'ISO, YMD';
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS btwin;
SELECT plan(16);
SET LOCAL TimeZone = 'Asia/Tokyo';   -- what is stored as UTC must not be written in the session's zone
CREATE SCHEMA regress_app;
SET LOCAL search_path = regress_app;
\ir ../data/adoption_fixture.sql
\ir ../data/adoption_rows.sql
-- ob2 is advanced and needs ob3, of which nothing is known; a load of 85
UPDATE learning_objectives SET "createdAt" = '2026-01-01';
INSERT INTO learning_objectives ("id", "lectureId", "objective", "extractedBy", "createdAt", "masteryLevel") VALUES ('ob3', 'le1', 'Cell', 'model', '2026-01-01', 'MASTERED');
UPDATE objective_prerequisites SET "prerequisiteId" = 'ob3';
UPDATE cards SET "createdAt" = '2026-01-01';
INSERT INTO cards ("id", "courseId", "lectureId", "objectiveId", "front", "back", "createdAt") VALUES ('ca2', 'co1', 'le1', 'ob2', 'front', 'back', '2026-01-01');
INSERT INTO cognitive_load_metrics ("id", "userId", "sessionId", "loadScore", "stressIndicators", "confidenceLevel", "timestamp") VALUES ('lo1', 'u1', 'se1', 85, '[]', 0.5, '2026-03-09 23:45:00.5');
INSERT INTO missions ("id", "userId", "date", "status", "estimatedMinutes", "objectives") VALUES ('mi3', 'u1', '2026-03-12 00:00', 'PENDING', 61, '[{"id": "ob2", "estimatedMinutes": 30}]');
RESET search_path;
CREATE TEMP TABLE attached AS SELECT * FROM btwin.attach('regress_app');
CREATE ROLE regress_write_web;
GRANT USAGE ON SCHEMA regress_app, public TO regress_write_web;
CREATE TEMP TABLE secured AS SELECT * FROM btwin.secure('regress_write_web');
SET LOCAL app.current_user_id = 'u1';
SET LOCAL ROLE regress_write_web;
SELECT btwin_api.generate_predictions(as_of => '2026-03-10 12:00+00') AS d \gset
SELECT is(concat_ws(' ', :'d'::jsonb ->> 'candidates_count', :'d'::jsonb ->> 'stored_count', :'d'::jsonb ->> 'total_count', :'d'::jsonb ->> 'interventions_created', :'d'::jsonb #>> '{predictions,0,objective_name}'), '1 1 1 3 Rhythm', 'a prediction');
SELECT is(btwin_api.generate_predictions(as_of => '2026-03-10 12:00+00') ->> 'stored_count', '0', 'and nothing the second time');
RESET ROLE;
SELECT is((SELECT concat_ws(' ', "userId", "learningObjectiveId", "topicId", "predictionStatus", "predictionDate", "predictedAt", "interventionApplied", "strugglingFactors" ->> 'due') FROM regress_app.struggle_predictions), 'u1 ob2 co1 PENDING 2026-03-12 00:00:00 2026-03-10 12:00:00 f mission', 'in the table of the application');
SELECT is((SELECT string_agg(concat_ws(' ', "interventionType", "status", "createdAt"), ', ' ORDER BY priority DESC) FROM regress_app.intervention_recommendations), 'PREREQUISITE_REVIEW PENDING 2026-03-10 12:00:00, COGNITIVE_LOAD_REDUCE PENDING 2026-03-10 12:00:00, BREAK_SCHEDULE_ADJUST PENDING 2026-03-10 12:00:00', 'interventions');
SELECT is((SELECT string_agg(concat_ws(' ', "indicatorType", "severity", "detectedAt"), ', ' ORDER BY "indicatorType"::text) FROM regress_app.struggle_indicators), 'COGNITIVE_OVERLOAD HIGH 2026-03-10 12:00:00, PREREQUISITE_GAP HIGH 2026-03-10 12:00:00', 'signs');
SELECT is((SELECT concat_ws(' ', "notificationType", "priority", "createdAt") FROM regress_app.insight_notifications), 'INTERVENTION_SUGGESTED HIGH 2026-03-10 12:00:00', 'a notification');
-- another value: a second load of 10, and the sign of the load is gone at 47.5
INSERT INTO regress_app.cognitive_load_metrics ("id", "userId", "sessionId", "loadScore", "stressIndicators", "confidenceLevel", "timestamp") VALUES ('lo2', 'u1', 'se1', 10, '[]', 0.5, '2026-03-10 12:30:00');
SET LOCAL ROLE regress_write_web;
SELECT is(btwin_api.generate_predictions(as_of => '2026-03-10 13:00+00') ->> 'stored_count', '1', 'worked out again');
SELECT is(concat_ws(' ', d ->> 'mission_adapted', d ->> 'estimated_minutes_after', d ->> 'mission_id'), 'true 30 mi3', 'an intervention applied')
FROM btwin_api.apply_intervention(intervention_id => (SELECT id FROM btwin_api.interventions() WHERE intervention_type = 'COGNITIVE_LOAD_REDUCE'), mission_id => 'mi3') d;
SELECT is(btwin_api.apply_intervention_type(intervention_type => 'MANDATORY_REST') ->> 'applied', 'true', 'rest');
RESET ROLE;
SELECT is((SELECT string_agg(concat_ws(' ', "predictedAt", (SELECT count(*) FROM regress_app.struggle_indicators)), ', ') FROM regress_app.struggle_predictions), '2026-03-10 13:00:00 1', 'in place, without the sign');
SELECT is((SELECT concat_ws(' ', m."estimatedMinutes", m."objectives" #>> '{0,estimatedMinutes}', m."status", i."status", abs(extract(epoch FROM i."appliedAt" - now() AT TIME ZONE 'UTC')) < 0.001, p."interventionApplied")
           FROM regress_app.missions m JOIN regress_app.intervention_recommendations i ON i."appliedToMissionId" = m."id" JOIN regress_app.struggle_predictions p ON p."interventionId" = i."id" WHERE m."id" = 'mi3'), '30 15 PENDING IN_PROGRESS t t', 'the mission, the intervention and its prediction');
SELECT is((SELECT string_agg("adaptationType"::text, ' ' ORDER BY "adaptationType"::text) || (SELECT "interventionApplied" FROM regress_app.burnout_risk_assessments) FROM regress_app.schedule_adaptations), 'DURATION_CHANGE FREQUENCY_CHANGEtrue', 'the records of both');
-- studied, and the mission done: the analysis, as the owner
INSERT INTO regress_app.study_sessions ("id", "userId", "startedAt", "completedAt") VALUES ('se9', 'u1', '2026-03-10 14:00', '2026-03-10 14:30');
INSERT INTO regress_app.reviews ("id", "userId", "cardId", "sessionId", "rating", "timeSpentMs", "reviewedAt", "difficultyBefore", "stabilityBefore", "difficultyAfter", "stabilityAfter") VALUES ('re9', 'u1', 'ca2', 'se9', 'AGAIN', 9000, '2026-03-10 14:10', 5, 3, 6, 1);
UPDATE regress_app.missions SET "status" = 'COMPLETED', "completedAt" = now() AT TIME ZONE 'UTC' WHERE "id" = 'mi3';
SELECT is(btwin._analyze_outcomes('u1', '2026-03-10 14:30+00'), '{"outcomes": 1, "interventions_completed": 0, "interventions_skipped": 2}', 'what became of the prediction');
SELECT is(btwin._analyze_outcomes('u1', now() + interval '1 second'), '{"outcomes": 0, "interventions_completed": 1, "interventions_skipped": 0}', 'and of the mission');
SELECT is((SELECT string_agg("status"::text, ' ' ORDER BY "priority" DESC, "status"::text) FROM regress_app.intervention_recommendations), 'IN_PROGRESS SKIPPED COMPLETED SKIPPED', 'interventions');
SET LOCAL ROLE regress_write_web;
SELECT is(concat_ws(' ', d ->> 'outcome_applied', d ->> 'prediction_status', (SELECT count(*) FROM regress_app.prediction_feedback)), 'false CONFIRMED 0', 'feedback comes second')
FROM btwin_api.prediction_feedback(prediction_id => (SELECT id FROM regress_app.struggle_predictions), actual_struggle => false, feedback_type => 'HELPFUL') d;
RESET ROLE;
SELECT * FROM finish();
ROLLBACK;
