-- Endpoints of load, burnout, stress and the calendar over the reference's own
-- tables: camelCase, enums, times without a zone that mean UTC.
BEGIN;
SET LOCAL client_min_messages = warning;
SET LOCAL DateStyle = 'ISO, YMD';
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS btwin;
SELECT plan(9);
SET LOCAL TimeZone = 'Asia/Tokyo';   -- what is stored as UTC must not be read in the session's zone
CREATE SCHEMA regress_app;
SET LOCAL search_path = regress_app;
\ir ../data/adoption_fixture.sql
\ir ../data/adoption_rows.sql
-- u1: a session on 9 March 23:30 to 00:10 UTC, a mission of the 9th, an assessment of 9 March 02:00 with 30.5; two loads
INSERT INTO cognitive_load_metrics ("id", "userId", "sessionId", "loadScore", "stressIndicators", "confidenceLevel", "timestamp") VALUES
    ('lo1', 'u1', 'se1', 45, '[]', 0.5, '2026-03-09 23:45:00.5'), ('lo2', 'u1', 'se1', 85, '[]', 0.5, '2026-03-10 00:05:00');
UPDATE calendar_integrations SET "createdAt" = '2026-03-01';
RESET search_path;
CREATE TEMP TABLE attached AS SELECT * FROM btwin.attach('regress_app');
INSERT INTO btwin.learner (user_id, time_zone) VALUES ('u1', 'Europe/Berlin');
SELECT is(concat_ws(' ', d ->> 'load_score', d ->> 'trend', d ->> 'session_active', (d ->> 'timestamp')::timestamptz AT TIME ZONE 'UTC'), '85 up true 2026-03-10 00:05:00', 'before the session was completed')
FROM btwin_api.cognitive_load_current('u1', '2026-03-10 00:09:59+00') d;
SELECT is(btwin_api.cognitive_load_current('u1', '2026-03-10 00:10+00') ->> 'session_active', 'false', 'and after');
SELECT results_eq($$SELECT bucket_start, load_score FROM btwin_api.cognitive_load_history('u1', granularity => 'day', as_of => '2026-03-10 12:00+00')$$,
    $$VALUES ('2026-03-09 23:00+00'::timestamptz, 65::float8)$$, 'both are of 10 March in Berlin');
SELECT is(d ->> 'total_data_points' || ' ' || (d ->> 'overload_episodes'), '2 1', 'in a few numbers') FROM btwin_api.cognitive_load_summary('u1', as_of => '2026-03-10 12:00+00') d;
-- 40 minutes of 40: volume 100; one session, completed: stress 10; 30 + 15 + 10 + 2
SELECT is(btwin_api.orchestration_cognitive_load('u1', true, '2026-03-10 12:00+00') #>> '{load,value}', '57', 'from study history');
SELECT is(d ->> 'connected' || ' ' || (d ->> 'provider') || ' ' || (d ? 'access_token')::text, 'true GOOGLE false', 'the calendar') FROM btwin_api.calendar_status('u1') d;
-- a session of 40 minutes: 0.2 * 25; two loads in a day, one above 60: 100 * 0.25; none below 40: 100 * 0.05
SELECT is(concat_ws(' ', d ->> 'risk_score', d ->> 'risk_level', d #>> '{last_assessment,risk_level}', d #>> '{recovery,risk_score_change}'), '35 MEDIUM MEDIUM 4.5', 'burnout') FROM btwin_api.burnout_risk('u1', 'epic5', '2026-03-10 12:00+00') d;
SELECT is((SELECT string_agg(factor || ' ' || contribution, ', ') FROM btwin_api.explain_burnout('u1', 'bu1', as_of => '2026-03-10 12:00+00')), 'clamp 30.5', 'an assessment without factors');
SELECT is(btwin_api.stress_profile('u1', '2026-03-10 12:00+00') -> 'stressors', '[]', 'no stressors of one session');
SELECT * FROM finish();
ROLLBACK;
