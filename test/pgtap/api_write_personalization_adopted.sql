-- Personalization and stress written to the reference's own tables: camelCase,
-- enums, times without a zone that mean UTC and keep milliseconds.
\set QUIET on
SET client_min_messages = warning;
SET DateStyle = 'ISO, YMD';
SET TimeZone = 'Asia/Tokyo';   -- what is stored as UTC must not be written in the session's zone
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS btwin;
SELECT plan(18);
CREATE SCHEMA regress_app;
SET search_path = regress_app;
\ir ../data/adoption_fixture.sql
\ir ../data/adoption_rows.sql
DELETE FROM personalization_preferences;
DELETE FROM user_learning_profiles;
RESET search_path;
CREATE TEMP TABLE attached AS SELECT * FROM btwin.attach('regress_app');
SET btwin.user_id = 'u1';
CREATE FUNCTION pg_temp.versions() RETURNS text LANGUAGE sql AS $$
SELECT md5(concat((SELECT string_agg(concat(ctid, xmin, t), ',' ORDER BY id) FROM regress_app.personalization_preferences t), (SELECT string_agg(concat(ctid, xmin, t), ',' ORDER BY id) FROM regress_app.personalization_configs t),
                  (SELECT string_agg(concat(ctid, xmin, t), ',' ORDER BY id) FROM regress_app.personalization_effectiveness t), (SELECT string_agg(concat(ctid, xmin, t), ',' ORDER BY id) FROM regress_app.stress_response_patterns t)))
$$;
SELECT is(concat_ws(' ', d ->> 'personalization_level', d ->> 'changed', d ->> 'is_default'), 'HIGH true false', 'preferences') FROM btwin_api.update_personalization_preferences(personalization_level => 'HIGH') d;
SELECT results_eq($$SELECT "personalizationLevel"::text, "autoAdaptEnabled", "updatedAt" BETWEEN (now() AT TIME ZONE 'UTC') - interval '1 minute' AND now() AT TIME ZONE 'UTC' FROM regress_app.personalization_preferences WHERE "userId" = 'u1'$$,
    $$VALUES ('HIGH', true, true)$$, 'their row');
SELECT is(btwin_api.update_personalization_preferences(personalization_level => 'HIGH') ->> 'changed', 'false', 'again');
INSERT INTO btwin.user_learning_profiles (id, user_id, preferred_study_times, average_session_duration, optimal_session_duration, content_preferences, learning_style_profile, personalized_forgetting_curve, last_analyzed_at, data_quality_score)
VALUES ('l1', 'u1', '[]', 40, 65, '{}', '{}', '{}', '2026-03-15 02:00+00', 0.8);
CREATE TEMP TABLE made AS SELECT btwin_api.apply_personalization(context => 'SESSION') AS d;
SELECT is((SELECT concat_ws(' ', context, "strategyVariant", "sessionPersonalization" ->> 'session_minutes', "confidenceScore", "isActive", "activatedAt" AT TIME ZONE 'UTC' = (d ->> 'activated_at')::timestamptz, "timesSelected") FROM regress_app.personalization_configs, made WHERE id = d ->> 'id'),
          'SESSION balanced 65 0.8 t t 0', 'a configuration');
CREATE TEMP TABLE seen AS SELECT pg_temp.versions() AS v;
SELECT is(btwin_api.apply_personalization(context => 'SESSION'), d || '{"is_new": false, "changed": false}', 'the same call again') FROM made;
SELECT is(pg_temp.versions(), v, 'writes nothing') FROM seen;
SELECT is(d ->> 'configs_deactivated', '1', 'taken out of force') FROM btwin_api.update_personalization_preferences(session_personalization_enabled => false) d;
SELECT is((SELECT NOT "isActive" AND "deactivatedAt" = "updatedAt" FROM regress_app.personalization_configs, made WHERE id = d ->> 'id'), true, 'its row');

-- the analysis: a week of 0.75 after 0.6; values out of range, which these tables take, do not count
INSERT INTO regress_app.personalization_configs ("id", "userId", "preferencesId", "context", "strategyVariant", "activatedAt", "updatedAt") SELECT 'c1', 'u1', "id", 'MISSION', 'balanced', '2026-02-04 12:00', '2026-02-04 12:00' FROM regress_app.personalization_preferences;
INSERT INTO regress_app.personalization_outcomes ("id", "userId", "configId", "outcomeType", "context", "timestamp", "retentionScore", "performanceScore", "completionRate", "engagementScore", "personalizationApplied")
SELECT 'a' || n, 'u1', NULL, 'SESSION_COMPLETED'::regress_app."OutcomeType", 'MISSION'::regress_app."PersonalizationContext", timestamp '2026-01-20 12:00' + n * interval '1 hour', (ARRAY[0.5, 0.6, 0.7, 0.6, 0.6, 'NaN', 1.1])[n], 0.5, 0.5, 0.5, false FROM generate_series(1, 7) n
UNION ALL
SELECT 'b' || n, 'u1', 'c1', 'SESSION_COMPLETED', 'MISSION', timestamp '2026-02-09 12:00' + n * interval '1 hour', (ARRAY[0.7, 0.8, 0.75, -0.1])[n], (ARRAY[0.5, 0.5, 1.1, -0.1])[n], (ARRAY[0.5, 0.5, 1.1, -0.1])[n], (ARRAY[0.5, 0.5, 1.1, -0.1])[n], true FROM generate_series(1, 4) n;
SELECT is(btwin._analyze_personalization('u1', '2026-03-16 12:00+00') - 'configs_adapted' - 'scores_changed', '{"weeks_created": 1, "weeks_updated": 0}', 'the analysis');
SELECT results_eq($$SELECT "startDate", "endDate", "retentionImprovement", "performanceImprovement", "completionRateChange", "engagementChange", "sampleSize", round("pValue"::numeric, 9), "calculatedAt" FROM regress_app.personalization_effectiveness WHERE "configId" = 'c1'$$,
    $$VALUES ('2026-02-08 00:00'::timestamp, '2026-02-15 00:00'::timestamp, 25::float8, 0::float8, 0::float8, 0::float8, 3, 0.014185933, '2026-03-16 12:00'::timestamp)$$, 'its week');
-- scores that are none, which these tables take as well
UPDATE regress_app.personalization_configs SET "effectivenessScore" = 'NaN' WHERE "id" = 'c1';
SELECT is(d ->> 'id' || ' ' || (d ->> 'changed'), 'c1 true', 'a score that is no number') FROM btwin_api.apply_personalization(context => 'MISSION', strategy_variant => 'conservative') d;
UPDATE regress_app.personalization_configs SET "effectivenessScore" = 150 WHERE "id" = 'c1';
SELECT is(btwin._analyze_personalization('u1', '2026-02-15 12:00+00') ->> 'scores_changed', '1', 'a score above 100');
UPDATE regress_app.personalization_configs SET "effectivenessScore" = 150 WHERE "id" = 'c1';
SELECT is(d ->> 'configs_deactivated', '1', 'and again') FROM btwin_api.update_personalization_preferences(mission_personalization_enabled => false) d;
SELECT is((SELECT string_agg(concat_ws(' ', event_type, previous_value), ', ' ORDER BY occurred_at, event_type) FROM btwin.config_history WHERE config_id = 'c1' AND number = (SELECT max(l.number) FROM btwin.config_history l WHERE l.config_id = 'c1' AND l.event_type = config_history.event_type)), 'EFFECTIVENESS_CHANGED, APPLIED, REMOVED', 'no score is said to have been before');
UPDATE regress_app.personalization_effectiveness SET "retentionImprovement" = 'NaN', "performanceImprovement" = 'Infinity', "completionRateChange" = 40, "engagementChange" = NULL WHERE "configId" = 'c1';
SELECT btwin._score_configs('u1', '2026-02-15 12:00+00') AS x \gset
SELECT is((SELECT "effectivenessScore" FROM regress_app.personalization_configs WHERE "id" = 'c1'), 70::float8, 'changes that are no numbers do not count');
SELECT btwin_api.update_personalization_preferences(mission_personalization_enabled => true) AS x, btwin_api.apply_personalization(context => 'MISSION') AS y \gset
-- stress: nine sessions at 8 hours
INSERT INTO regress_app.study_sessions ("id", "userId", "startedAt") SELECT 's' || n, 'u1', timestamp '2026-03-01 08:15' + n * interval '1 day' FROM generate_series(1, 9) n;
INSERT INTO btwin.cognitive_load_metrics (id, user_id, session_id, timestamp, load_score, stress_indicators, confidence_level) SELECT 'lo' || n, 'u1', 's' || n, '2026-03-01 08:20+00'::timestamptz + n * interval '1 day', 70, '[]', 0.5 FROM generate_series(1, 9) n;
SELECT is(btwin._analyze_stress('u1', '2026-03-16 12:00+00'), '{"created": 1, "updated": 0, "removed": 0}', 'a stress pattern');
-- these loads are news to the configuration
SELECT is(btwin._analyze_personalization('u1', '2026-03-16 12:00+00') ->> 'configs_adapted', '1', 'which the configuration follows');
TRUNCATE seen;
INSERT INTO seen SELECT pg_temp.versions();
SELECT is(btwin._analyze_personalization('u1', '2026-03-16 12:00+00') || btwin._analyze_stress('u1', '2026-03-16 12:00+00') || jsonb_build_object('same', pg_temp.versions() = (SELECT v FROM seen)),
          '{"configs_adapted": 0, "weeks_created": 0, "weeks_updated": 0, "scores_changed": 0, "created": 0, "updated": 0, "removed": 0, "same": true}', 'again nothing is written');
SELECT * FROM finish();
