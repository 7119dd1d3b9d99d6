-- Goals and recommendations written over the reference's own tables: camelCase,
-- enums, times without a zone that mean UTC.
BEGIN;
SET LOCAL client_min_messages = warning;
SET LOCAL DateStyle = 'ISO, YMD';
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS btwin;
SELECT plan(14);
SET LOCAL TimeZone = 'Asia/Tokyo';   -- what is stored as UTC must not be written in the session's zone
CREATE SCHEMA regress_app;
SET LOCAL search_path = regress_app;
\ir ../data/adoption_fixture.sql
\ir ../data/adoption_rows.sql
RESET search_path;
CREATE TEMP TABLE attached AS SELECT * FROM btwin.attach('regress_app');
INSERT INTO btwin.behavioral_insights (id, user_id, insight_type, title, description, actionable_recommendation, confidence, created_at) VALUES ('rw-i', 'u1', 'RETENTION_STRATEGY', 't', 'd', 'a', 0.8, now() - interval '1 day');
INSERT INTO btwin.recommendations (id, user_id, recommendation_type, title, description, actionable_text, confidence, estimated_impact, ease_of_implementation, user_readiness, priority_score, created_at)
SELECT 'rw-r' || g, 'u1', 'EXPERIMENTAL_SUGGESTION', 't', 'd', 'a', 0.8, 0.5, 0.5, 0.5, 0.6, now() - interval '1 day' FROM generate_series(1, 2) g;
DELETE FROM btwin.user_learning_profiles WHERE user_id = 'u1';
INSERT INTO btwin.user_learning_profiles (id, user_id, preferred_study_times, average_session_duration, optimal_session_duration, content_preferences, learning_style_profile, personalized_forgetting_curve, last_analyzed_at, data_quality_score)
VALUES ('rw-p', 'u1', '[]', 40, 60, '{}', '{}', '{}', now(), 0.6);
SELECT date_trunc('milliseconds', now()) AS written, date_trunc('milliseconds', now()) AT TIME ZONE 'UTC' AS stored \gset

SELECT is((btwin_api.acknowledge_insight('u1', 'rw-i', true) ->> 'acknowledged_at')::timestamptz, :'written'::timestamptz, 'an insight');
SELECT is((SELECT "acknowledgedAt"::text || applied FROM regress_app.behavioral_insights WHERE id = 'rw-i'), :'stored' || 'true', 'in UTC');
SELECT is(btwin_api.acknowledge_insight('u1', 'rw-i', true) ->> 'changed', 'false', 'once');
SELECT is((btwin_api.dismiss_recommendation('u1', 'rw-r1') ->> 'dismissed_at')::timestamptz, :'written'::timestamptz, 'a recommendation');
SELECT is((SELECT status::text || "dismissedAt" FROM regress_app.recommendations WHERE id = 'rw-r1'), 'DISMISSED' || :'stored', 'dismissed');
SELECT is(d -> 'updated_settings' ->> 'optimal_session_minutes' || ' ' || ((d ->> 'applied_at')::timestamptz = :'written'), '30 true', 'another') FROM btwin_api.apply_recommendation('u1', 'rw-r2', 'AUTO', '{"optimal_session_minutes": 30}', 'k') d;
SELECT is((SELECT concat_ws(' ', a."applicationType", a."appliedAt" = :'stored', r."appliedAt" = :'stored', p."optimalSessionDuration", a."baselineMetrics" ->> 'behavioralScore')
           FROM regress_app.applied_recommendations a JOIN regress_app.recommendations r ON r.id = a."recommendationId" JOIN regress_app.user_learning_profiles p ON p."userId" = a."userId" WHERE r.id = 'rw-r2'), 'AUTO t t 30 0.6', 'applied');
UPDATE regress_app.applied_recommendations SET "appliedAt" = :'stored'::timestamp - interval '336 hours', "baselineMetrics" = '{"behavioralScore": 0.5}' WHERE "recommendationId" = 'rw-r2';
SELECT is(btwin._analyze_recommendation_effects('u1', now()) ->> 'evaluated', '1', 'and evaluated');
SELECT is((SELECT concat_ws(' ', round(effectiveness::numeric, 6), "evaluatedAt" = :'stored') FROM regress_app.applied_recommendations WHERE "recommendationId" = 'rw-r2'), '0.200000 t', 'from 0.5 to 0.6');
SELECT btwin_api.create_goal('u1', 'CUSTOM', 'Pages', idempotency_key => 'g') AS goal \gset
SELECT is((SELECT concat_ws(' ', g."goalType", g.status, g."createdAt" = :'stored', g."updatedAt" = :'stored', g."deadline" >= :'stored'::timestamp + interval '30 days') FROM regress_app.behavioral_goals g WHERE g.id = :'goal'::jsonb ->> 'id'), 'CUSTOM ACTIVE t t t', 'a goal');
SELECT is(btwin_api.create_goal('u1', 'CUSTOM', 'Pages', idempotency_key => 'g')::text, :'goal', 'once');
SELECT is((SELECT concat_ws(' ', g -> 'milestones', g ->> 'status', g #>> '{achievement,tier}') FROM btwin_api.update_goal_progress('u1', :'goal'::jsonb ->> 'id', 100) g), '[25, 50, 75, 100] COMPLETED BRONZE', 'reached');
SELECT is((SELECT concat_ws(' ', g.status, g."completedAt" = :'stored', g."currentValue") FROM regress_app.behavioral_goals g WHERE g.id = :'goal'::jsonb ->> 'id'), 'COMPLETED t 100', 'and stored');
SELECT is((SELECT string_agg(n."notificationType"::text || n."priority"::text, ' ' ORDER BY n."notificationType") || (SELECT string_agg(a.type::text || a.tier, ' ') FROM regress_app.achievements a WHERE a."userId" = 'u1' AND a.metadata ->> 'goalType' = 'CUSTOM')
           FROM regress_app.insight_notifications n WHERE n."relatedEntityId" = :'goal'::jsonb ->> 'id'),
    'GOAL_CREATEDNORMAL GOAL_PROGRESS_25NORMAL GOAL_PROGRESS_50NORMAL GOAL_PROGRESS_75HIGH GOAL_ACHIEVEDHIGHOBJECTIVES_COMPLETEDBRONZE', 'and told');
SELECT * FROM finish();
ROLLBACK;
