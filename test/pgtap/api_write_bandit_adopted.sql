-- Strategies, rewards, outcomes and experiments over the reference's own tables:
-- camelCase, enums, times without a zone that mean UTC.
BEGIN;
SET LOCAL client_min_messages = warning;
SET LOCAL DateStyle = 'ISO, YMD';
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS btwin;
SELECT plan(9);
SET LOCAL TimeZone = 'Asia/Tokyo';   -- what is stored as UTC must not be written in the session's zone
CREATE ROLE regress_adopted_web;
CREATE SCHEMA regress_app;
SET LOCAL search_path = regress_app;
\ir ../data/adoption_fixture.sql
\ir ../data/adoption_rows.sql
DELETE FROM personalization_preferences;
INSERT INTO personalization_preferences ("id", "userId", "updatedAt") VALUES ('pr', 'u1', '2026-03-01');
INSERT INTO personalization_configs ("id", "userId", "preferencesId", "context", "strategyVariant", "timesSelected", "totalReward", "avgReward", "activatedAt", "createdAt", "updatedAt")
VALUES ('co', 'u1', 'pr', 'SESSION', 'balanced', 1, 0.25, 0.25, '2026-03-01', '2026-03-01', '2026-03-01');
RESET search_path;
CREATE TEMP TABLE attached AS SELECT * FROM btwin.attach('regress_app');
CREATE TEMP TABLE secured AS SELECT * FROM btwin.secure('regress_adopted_web');
-- a moment of a column to the millisecond
CREATE FUNCTION pg_temp.near(moment timestamp, wanted timestamptz) RETURNS boolean LANGUAGE sql AS $$SELECT abs(extract(epoch FROM moment - wanted AT TIME ZONE 'UTC')) < 0.01$$;
SELECT is(d ->> 'status', 'ACTIVE', 'an experiment') FROM btwin.create_experiment('u1', 'e', 'SESSION', start_at => now() - interval '1 day') d;
SELECT is((SELECT concat_ws(' ', pg_temp.near("startDate", now() - interval '24 hours'), pg_temp.near("endDate", now() + interval '312 hours'), pg_temp.near("createdAt", now()), "experimentType", "minParticipants") FROM regress_app.personalization_experiments WHERE "experimentName" = 'e'),
          't t t AB_TEST 20', 'stored in UTC');
UPDATE regress_app.personalization_experiments SET id = 'ex' WHERE "experimentName" = 'e';
SET LOCAL app.current_user_id = 'u1';
SET LOCAL ROLE regress_adopted_web;
CREATE TEMP TABLE d AS SELECT btwin_api.choose_strategy() AS d;
SELECT is(d.d -> 'reason', 'null', 'a strategy') FROM d;
SELECT is(btwin_api.record_reward(decision_id => d.d ->> 'id', reward => 0.75) ->> 'changed', 'true', 'its reward') FROM d;
SELECT is((SELECT concat_ws(' ', x ->> 'config_id', x ->> 'changed', (x ->> 'timestamp')::timestamptz = '2026-03-10 08:00+00') FROM btwin_api.record_outcome(outcome_type => 'SESSION_COMPLETED', context => 'SESSION', performance_score => 0.5, session_minutes => 30,
                  decision_id => d.d ->> 'id', occurred_at => '2026-03-10 17:00+09') x), 'co true t', 'an outcome') FROM d;
SELECT is(btwin_api.assign_experiment(experiment_id => 'ex') ->> 'is_new', 'true', 'a learner is taken in');
RESET ROLE;
SELECT is((SELECT concat_ws(' ', "timesSelected", "totalReward", "avgReward", pg_temp.near("updatedAt", now())) FROM regress_app.personalization_configs WHERE "id" = 'co'), '2 1 0.5 t', 'the configuration counts');
SELECT is((SELECT concat_ws(' ', o."userId", o."configId", o."outcomeType", o."context", o."timestamp", o."performanceScore", o."sessionDuration", o."personalizationApplied", o."strategyVariant" = d.d ->> 'arm') FROM regress_app.personalization_outcomes o, d WHERE o."sessionDuration" = 30),
          'u1 co SESSION_COMPLETED SESSION 2026-03-10 08:00:00 0.5 30 t t', 'the outcome in the tables of the application');
SELECT is((SELECT concat_ws(' ', a."userId", a."variantId" IN ('A', 'B'), pg_temp.near(a."assignedAt", now()), e."currentParticipants") FROM regress_app.experiment_assignments a JOIN regress_app.personalization_experiments e ON e."id" = a."experimentId" WHERE e."id" = 'ex'), 'u1 t t 1', 'and the assignment');
SELECT * FROM finish();
ROLLBACK;
