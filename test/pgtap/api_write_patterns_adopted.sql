-- Analysis of habits over the reference's own tables, and by a learner under
-- policies: camelCase, enums, times of milliseconds without a zone that mean UTC.
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
SET LOCAL search_path = pg_temp, regress_app;
\ir ../data/study_fixture.sql
INSERT INTO study_sessions ("id", "userId", "startedAt", "completedAt", "durationMs", "reviewsCompleted")
SELECT 's' || n, 'u1', started_at AT TIME ZONE 'UTC', started_at AT TIME ZONE 'UTC' + minutes * interval '1 minute', minutes * 60000, 1 FROM study WHERE learner = 'planted';
INSERT INTO behavioral_events ("id", "userId", "eventType", "eventData", "timestamp", "contentType", "sessionPerformanceScore")
SELECT 'e' || n, 'u1', 'SESSION_ENDED', jsonb_build_object('sessionId', 's' || n), started_at AT TIME ZONE 'UTC' + minutes * interval '1 minute', kind, score FROM study WHERE learner = 'planted';
INSERT INTO reviews ("id", "userId", "cardId", "sessionId", "rating", "timeSpentMs", "reviewedAt", "difficultyBefore", "stabilityBefore", "difficultyAfter", "stabilityAfter")
SELECT 'r' || n, 'u1', 'ca1', 's' || n, 'AGAIN', 6000, started_at AT TIME ZONE 'UTC' + interval '1 minute', 5, 1, 5, 1 FROM study WHERE learner = 'planted';
RESET search_path;
CREATE ROLE regress_web;
CREATE TEMP TABLE attached AS SELECT * FROM btwin.attach('regress_app');
INSERT INTO btwin.learner (user_id, time_zone) VALUES ('u1', 'Europe/Berlin');
CREATE TEMP TABLE secured AS SELECT * FROM btwin.secure('regress_web');

SET LOCAL ROLE regress_web;
SET LOCAL btwin.user_id = 'u1';
SELECT btwin_api.analyze_patterns(as_of => '2026-03-16 12:00:00.123999+00') AS a, btwin_api.analyze_patterns(as_of => '2026-03-16 12:00:00.123999+00', force => true) AS b \gset
SELECT btwin_api.patterns(as_of => '2026-03-16 12:00:00.123999+00', pattern_type_is => 'OPTIMAL_STUDY_TIME', min_confidence => 0.9)::text AS p \gset
SELECT btwin_api.learning_profile() AS profile \gset
RESET ROLE;
SELECT is(:'a'::jsonb ->> 'ran' || ' ' || (:'a'::jsonb #>> '{patterns,created}')::int || ' ' || (:'a'::jsonb #>> '{insights,created}')::int || ' ' || (:'a'::jsonb #>> '{recommendations,created}')::int, 'true 2 1 1', 'a learner analyses');
SELECT is((:'a'::jsonb #>> '{pattern_ids}')::jsonb ? btwin._habit_id('u1', 'hours'), true, 'and finds the planted hours');
SELECT is(:'b'::jsonb - 'insights' - 'recommendations' - 'profile_updated' - 'computed_for' || '{"patterns": null}', :'a'::jsonb - 'insights' - 'recommendations' - 'profile_updated' - 'computed_for' || '{"patterns": null}', 'once more: the same');
SELECT is(:'b'::jsonb #>> '{patterns,updated}' || ' ' || (:'b'::jsonb ->> 'profile_updated'), '0 false', 'and nothing to write');
SELECT matches(:'p'::text, 'Studies best from 09:00 to 12:00', 'a reader sees it at that moment');
SELECT is(concat_ws('|', "patternType", "patternName", confidence > 0.9, "firstDetectedAt", "lastSeenAt", "detectedAt", "occurrenceCount", cardinality(evidence)), format('OPTIMAL_STUDY_TIME|Studies best from 09:00 to 12:00|t|2026-03-16 12:00:00.123|2026-03-16 12:00:00.123|2026-03-16 12:00:00.123|%s|2', (SELECT count(DISTINCT (started_at AT TIME ZONE 'Europe/Berlin')::date) FROM study WHERE learner = 'planted' AND hour BETWEEN 9 AND 11)),
          'the row of the pattern') FROM regress_app.behavioral_patterns WHERE id = btwin._habit_id('u1', 'hours');
SELECT is(concat_ws('|', i."insightType", i."createdAt", i."acknowledgedAt", i.applied), 'STUDY_TIME_OPTIMIZATION|2026-03-16 12:00:00.123|f', 'of the insight')
FROM regress_app.behavioral_insights i JOIN regress_app.insight_patterns l ON l."insightId" = i.id WHERE l."patternId" = btwin._habit_id('u1', 'hours');
SELECT is(concat_ws('|', "recommendationType", status, "sourcePatternIds", "createdAt"), format('STUDY_TIME_OPTIMIZATION|PENDING|{%s}|2026-03-16 12:00:00.123', btwin._habit_id('u1', 'hours')), 'of the recommendation')
FROM regress_app.recommendations WHERE "recommendationType" = 'STUDY_TIME_OPTIMIZATION';
SELECT is(concat_ws('|', "notificationType", priority, "relatedEntityType"), 'NEW_PATTERN|NORMAL|pattern', 'of the notification') FROM regress_app.insight_notifications WHERE "relatedEntityId" = btwin._habit_id('u1', 'hours');
SELECT is(concat_ws('|', "lastAnalyzedAt", "preferredStudyTimes" #> '{0,startHour}', "dataQualityScore"), '2026-03-16 12:00:00.123|9|' || (:'profile'::jsonb ->> 'data_quality_score'), 'of the profile') FROM regress_app.user_learning_profiles;
SELECT is(computed_for, '2026-03-16 12:00:00.123999+00'::timestamptz, 'the moment itself is kept beside it') FROM btwin.provenance WHERE kind = 'user_learning_profiles';
SELECT is((SELECT "patternData" FROM regress_app.behavioral_patterns WHERE id = 'pa1'), '{"hourOfDay": 23}', 'a pattern of the application stays');
-- the mornings are taken away
UPDATE regress_app.behavioral_events SET "sessionPerformanceScore" = 60 WHERE "userId" = 'u1';
SET LOCAL ROLE regress_web;
SELECT btwin_api.analyze_patterns(as_of => '2026-03-17 12:00+00') AS c \gset
SELECT btwin_api.delete_patterns() AS d \gset
SELECT count(*) AS left FROM btwin_api.patterns(min_confidence => 0) \gset
RESET ROLE;
SELECT is(:'c'::jsonb #>> '{patterns,removed}' || ' ' || (SELECT status FROM regress_app.recommendations WHERE "recommendationType" = 'STUDY_TIME_OPTIMIZATION'), '1 DISMISSED', 'without mornings it goes');
SELECT is(:'d'::jsonb #>> '{patterns_deleted}' || ' ' || (:'d'::jsonb ->> 'insights_deleted') || ' ' || (:'d'::jsonb ->> 'profiles_deleted'), '2 0 1', 'a learner deletes what is left, the application''s too');
SELECT is(:'left'::text, '0', 'nothing is there');
SET LOCAL ROLE regress_web;
SET LOCAL btwin.user_id = '';
SELECT throws_ok('SELECT btwin_api.analyze_patterns()', 'PT403', NULL, 'nobody is nobody''s learner');
RESET ROLE;
SELECT * FROM finish();
ROLLBACK;
