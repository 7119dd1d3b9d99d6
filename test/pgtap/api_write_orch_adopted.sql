-- Load, burnout, times of study, plans and the calendar written to the reference's own
-- tables: camelCase, enums, times without a zone that mean UTC.
BEGIN;
SET LOCAL client_min_messages = warning;
SET LOCAL DateStyle = 'ISO, YMD';
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS btwin;
SELECT plan(15);
SET LOCAL TimeZone = 'Asia/Tokyo';   -- what is stored as UTC must not be read in the session's zone
CREATE SCHEMA regress_app;
SET LOCAL search_path = regress_app;
\ir ../data/adoption_fixture.sql
\ir ../data/adoption_rows.sql
UPDATE missions SET "status" = 'PENDING', "completedAt" = NULL WHERE "userId" = 'u1';
RESET search_path;
CREATE TEMP TABLE attached AS SELECT * FROM btwin.attach('regress_app');
INSERT INTO btwin.learner (user_id, time_zone) VALUES ('u1', 'Europe/Berlin');
\set m '''2026-03-10 12:00+00''::timestamptz'

CREATE TEMP TABLE load AS SELECT btwin_api.record_cognitive_load('u1', 'se1', '{9000}', 1, method_is => 'epic5', idempotency_key => 'k') AS d;
SELECT results_eq($$SELECT "id", "userId", "sessionId", "loadScore", "confidenceLevel", "timestamp" FROM regress_app.cognitive_load_metrics WHERE "timestamp" > '2026-06-01'$$,
                  $$SELECT d ->> 'id', 'u1', 'se1', 55::float8, (d ->> 'confidence_level')::float8, date_trunc('milliseconds', now() AT TIME ZONE 'UTC') FROM load$$, 'a load');
SELECT is(btwin_api.record_cognitive_load('u1', 'se1', '{9000}', 1, method_is => 'epic5', idempotency_key => 'k'), d, 'and its answer again') FROM load;

CREATE TEMP TABLE risk AS SELECT btwin_api.assess_burnout('u1', 'epic5', :m) AS d;
SELECT results_eq($$SELECT "riskScore", "riskLevel"::text, "contributingFactors", "warningSignals", "recommendations", "confidence", "assessmentDate", "interventionApplied" FROM regress_app.burnout_risk_assessments WHERE "id" = (SELECT d ->> 'id' FROM risk)$$,
                  $$SELECT (d ->> 'risk_score')::float8, d ->> 'risk_level', d -> 'contributing_factors', d -> 'warning_signals', ARRAY(SELECT jsonb_array_elements_text(d -> 'recommendations')), (d ->> 'confidence')::float8, '2026-03-10 12:00'::timestamp, false FROM risk$$,
                  'an assessment');
CREATE TEMP TABLE lay AS SELECT ctid AS at FROM regress_app.burnout_risk_assessments WHERE "id" = (SELECT d ->> 'id' FROM risk);
SELECT is(btwin_api.assess_burnout('u1', 'epic5', :m) -> 'changed', 'false', 'the same figures again');
SELECT is(btwin._analyze_burnout('u1', :m) - 'risk_level', '{"created": 0, "updated": 1, "reason": null}', 'by the other method');
SELECT is((SELECT count(*) FROM regress_app.burnout_risk_assessments WHERE "id" = (SELECT d ->> 'id' FROM risk) AND "interventionApplied" = false), 1::bigint, 'the same row, written over');

CREATE TEMP TABLE times AS SELECT btwin_api.orchestration_recommendations('u1', '2026-03-11', method_is => 'epic5', as_of => :m) AS d;
SELECT results_eq($$SELECT "id", "recommendedSchedule" ->> 'startTime', "createdAt", "appliedAt" FROM regress_app.study_schedule_recommendations WHERE "id" IN (SELECT r ->> 'id' FROM times, jsonb_array_elements(d -> 'recommendations') r) ORDER BY 2$$,
                  $$SELECT r ->> 'id', btwin._utc_text((r ->> 'start_time')::timestamptz), '2026-03-10 12:00'::timestamp(3), NULL::timestamp(3) FROM times, jsonb_array_elements(d -> 'recommendations') r ORDER BY 2$$, 'times of study');
SELECT is(btwin_api.orchestration_recommendations('u1', '2026-03-11', method_is => 'epic5', as_of => :m), d, 'and again') FROM times;

CREATE TEMP TABLE plan AS SELECT btwin_api.session_plan('u1', m.id, as_of => :m) AS d FROM (SELECT "id" AS id FROM regress_app.missions WHERE "userId" = 'u1' ORDER BY 1 LIMIT 1) m;
SELECT results_eq($$SELECT "missionId", "planData" ->> 'plannedStartTime', "createdAt", "appliedAt" FROM regress_app.session_orchestration_plans WHERE "id" = (SELECT d ->> 'id' FROM plan)$$,
                  $$SELECT d ->> 'mission_id', '2026-03-10T12:00:00.000Z', '2026-03-10 12:00'::timestamp(3), NULL::timestamp(3) FROM plan$$, 'a plan');
SELECT is(btwin_api.session_plan('u1', d ->> 'mission_id', duration_minutes => 60, as_of => :m) ->> 'id', d ->> 'id', 'in its place') FROM plan;
SELECT is((SELECT "planData" ->> 'duration_minutes' FROM regress_app.session_orchestration_plans WHERE "id" = (SELECT d ->> 'id' FROM plan)), '60', 'another');

-- a profile and counts that no constraint keeps within their range count as not known, and as none
UPDATE regress_app.missions SET "reviewCardCount" = -1, "newContentCount" = -1 WHERE "userId" = 'u1';
SELECT is(jsonb_array_length(btwin_api.session_plan('u1', d ->> 'mission_id', as_of => :m) #> '{content_sequence,sequence}'), 0, 'no cards') FROM plan;
CREATE FUNCTION pg_temp.base(minutes int, quality float8) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    d jsonb;
BEGIN
    UPDATE regress_app.user_learning_profiles SET "optimalSessionDuration" = minutes, "dataQualityScore" = quality WHERE "userId" = 'u1';
    d := btwin_api.session_plan('u1', (SELECT p.d ->> 'mission_id' FROM plan p), method_is => 'epic5', as_of => '2026-03-10 12:00+00');
    RETURN (substring(d #>> '{reasoning,duration_logic,0}' FROM '[0-9]+')) || ' ' || (d ->> 'confidence');
END $$;
INSERT INTO regress_app.user_learning_profiles ("id", "userId", "preferredStudyTimes", "averageSessionDuration", "optimalSessionDuration", "contentPreferences", "learningStyleProfile", "personalizedForgettingCurve", "dataQualityScore")
SELECT 'p-u1', 'u1', '[]', 45, 45, '{}', '{}', '{}', 0.7 WHERE NOT EXISTS (SELECT FROM regress_app.user_learning_profiles WHERE "userId" = 'u1');
SELECT is(ARRAY[pg_temp.base(0, 1.01), pg_temp.base(14, -0.01), pg_temp.base(181, 1), pg_temp.base(180, 0.01), pg_temp.base(15, 0)], '{45 0.5,45 0.5,45 1,180 0.01,15 0.5}', 'a length from 15 to 180, a quality from 0 to 1');

SELECT is(d ->> 'synced_events', '1', 'a block of the calendar')
FROM btwin_api.calendar_sync('u1', jsonb_build_array(jsonb_build_object('event_id', 'e', 'start_at', btwin._utc_text(now() + interval '1 hour'), 'end_at', btwin._utc_text(now() + interval '2 hours')))) d;
SELECT is((SELECT "lastSyncAt" FROM regress_app.calendar_integrations WHERE "userId" = 'u1'), date_trunc('milliseconds', now() AT TIME ZONE 'UTC'), 'and when');
SELECT * FROM finish();
ROLLBACK;
