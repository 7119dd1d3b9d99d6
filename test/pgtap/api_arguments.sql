-- Arguments of every function of btwin_api against the contract (doc/api.md): their
-- order, types and defaults, and the bounds of those that have numbers for bounds.
\set QUIET on
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS btwin;
\ir api_functions.psql
\ir api_helpers.psql
SELECT plan(4);
CREATE TEMP TABLE attached AS SELECT * FROM btwin.attach('public');
INSERT INTO users (id) VALUES ('ann');
SET btwin.user_id = 'ann';

-- Written from the contract, not from the catalog: U is user_id text NULL, A is as_of timestamptz NULL, K is idempotency_key
-- text NULL, M is method_is text 'btwin', P(n,m) is max_rows int n and after_id text NULL, and what is required is NULL.
CREATE TEMP TABLE contract (name text PRIMARY KEY, arguments text NOT NULL);
INSERT INTO contract VALUES
    ('acknowledge_insight', 'user_id text NULL, insight_id text NULL, applied boolean false'),
    ('alerts', 'user_id text NULL, max_rows int 3, as_of timestamptz NULL'),
    ('analyze_patterns', 'user_id text NULL, force boolean false, as_of timestamptz NULL'),
    ('apply_intervention', 'user_id text NULL, intervention_id text NULL, mission_id text NULL, adapt_mission boolean true, idempotency_key text NULL'),
    ('apply_intervention_type', 'user_id text NULL, intervention_type text NULL, accepted boolean true, session_id text NULL, mission_id text NULL, metadata jsonb NULL, idempotency_key text NULL'),
    ('apply_personalization', 'user_id text NULL, context text NULL, strategy_variant text ''balanced'', decision_id text NULL'),
    ('apply_recommendation', 'user_id text NULL, recommendation_id text NULL, application_type text ''MANUAL'', settings jsonb NULL, idempotency_key text NULL'),
    ('assess_burnout', 'user_id text NULL, method_is text ''btwin'', as_of timestamptz NULL'),
    ('assign_experiment', 'user_id text NULL, experiment_id text NULL'),
    ('behavioral_correlation', 'user_id text NULL, weeks int 12, as_of timestamptz NULL'),
    ('behavioral_dashboard', 'user_id text NULL, as_of timestamptz NULL'),
    ('burnout_risk', 'user_id text NULL, method_is text ''btwin'', as_of timestamptz NULL'),
    ('calendar_status', 'user_id text NULL, as_of timestamptz NULL'),
    ('calendar_sync', 'user_id text NULL, busy jsonb NULL, days_ahead int 7'),
    ('choose_strategy', 'user_id text NULL, context text ''SESSION'', policy text ''thompson'', epsilon float8 0.1, arms text[] NULL, sticky_hours int 0, default_reward float8 NULL, reward_window_hours int 168, seed int NULL, idempotency_key text NULL'),
    ('cognitive_load_current', 'user_id text NULL, as_of timestamptz NULL'),
    ('cognitive_load_history', 'user_id text NULL, start_at timestamptz NULL, end_at timestamptz NULL, granularity text ''hour'', max_rows int 1000, as_of timestamptz NULL'),
    ('cognitive_load_summary', 'user_id text NULL, start_at timestamptz NULL, end_at timestamptz NULL, as_of timestamptz NULL'),
    ('create_goal', 'user_id text NULL, goal_type text NULL, title text NULL, description text NULL, target_metric text NULL, target_value float8 NULL, start_value float8 NULL, deadline timestamptz NULL, idempotency_key text NULL'),
    ('delete_patterns', 'user_id text NULL'),
    ('dismiss_recommendation', 'user_id text NULL, recommendation_id text NULL'),
    ('experiment_result', 'experiment_id text NULL, metric text ''retention'', as_of timestamptz NULL'),
    ('explain_burnout', 'user_id text NULL, assessment_id text NULL, method_is text ''btwin'', as_of timestamptz NULL'),
    ('explain_pattern', 'user_id text NULL, pattern_id text NULL, as_of timestamptz NULL'),
    ('explain_struggle', 'user_id text NULL, prediction_id text NULL, objective_id text NULL, method_is text ''btwin'', as_of timestamptz NULL'),
    ('generate_predictions', 'user_id text NULL, days_ahead int 7, method_is text ''btwin'', as_of timestamptz NULL'),
    ('goals', 'user_id text NULL, status_is text ''ACTIVE'', goal_id text NULL, max_rows int 50, after_id text NULL, as_of timestamptz NULL'),
    ('insights', 'user_id text NULL, include_acknowledged boolean false, max_rows int 20, after_id text NULL, as_of timestamptz NULL'),
    ('interventions', 'user_id text NULL, status_is text NULL, max_rows int 50, after_id text NULL, as_of timestamptz NULL'),
    ('learning_profile', 'user_id text NULL, as_of timestamptz NULL'),
    ('model_performance', 'user_id text NULL, all_learners boolean false, period text ''all'', as_of timestamptz NULL'),
    ('orchestration_cognitive_load', 'user_id text NULL, include_trend boolean false, as_of timestamptz NULL'),
    ('orchestration_recommendations', 'user_id text NULL, for_date date NULL, busy jsonb NULL, max_rows int 5, method_is text ''btwin'', as_of timestamptz NULL'),
    ('pattern_evolution', 'user_id text NULL, weeks int 12, pattern_type_is text NULL, as_of timestamptz NULL'),
    ('patterns', 'user_id text NULL, pattern_type_is text NULL, min_confidence float8 0.6, max_rows int 20, after_id text NULL, as_of timestamptz NULL'),
    ('personalization_config', 'user_id text NULL, as_of timestamptz NULL'),
    ('personalization_effectiveness', 'user_id text NULL, start_at timestamptz NULL, end_at timestamptz NULL, metric text ''all'', as_of timestamptz NULL'),
    ('personalization_history', 'user_id text NULL, start_at timestamptz NULL, end_at timestamptz NULL, max_rows int 50, after_id text NULL, as_of timestamptz NULL'),
    ('personalization_preferences', 'user_id text NULL, as_of timestamptz NULL'),
    ('prediction_feedback', 'user_id text NULL, prediction_id text NULL, actual_struggle boolean NULL, feedback_type text NULL, helpfulness int NULL, comments text NULL, idempotency_key text NULL'),
    ('prediction_summary', 'user_id text NULL, status_is text NULL, min_probability float8 0.5, topic_id_is text NULL, objective_id_is text NULL, as_of timestamptz NULL'),
    ('predictions', 'user_id text NULL, status_is text NULL, min_probability float8 0.5, topic_id_is text NULL, objective_id_is text NULL, max_rows int 50, after_id text NULL, as_of timestamptz NULL'),
    ('recommendation_metrics', 'user_id text NULL, period text ''7d'', as_of timestamptz NULL'),
    ('recommendations', 'user_id text NULL, include_applied boolean false, status_is text NULL, max_rows int 5, after_id text NULL, as_of timestamptz NULL'),
    ('record_cognitive_load', 'user_id text NULL, session_id text NULL, response_latencies_ms float8[] ''{}'', error_rate float8 0, performance_scores float8[] ''{}'', session_minutes float8 0, engagement jsonb NULL, baseline jsonb NULL, method_is text ''btwin'', idempotency_key text NULL'),
    ('record_outcome', 'user_id text NULL, outcome_type text NULL, context text NULL, retention_score float8 NULL, performance_score float8 NULL, completion_rate float8 NULL, engagement_score float8 NULL, session_minutes int NULL, content_type text NULL, difficulty_level text NULL, config_id text NULL, decision_id text NULL, occurred_at timestamptz NULL, idempotency_key text NULL'),
    ('record_reward', 'user_id text NULL, decision_id text NULL, reward float8 NULL, retention_change float8 NULL, performance_change float8 NULL, completion float8 NULL, satisfaction float8 NULL, observed_at timestamptz NULL'),
    ('session_plan', 'user_id text NULL, mission_id text NULL, start_at timestamptz NULL, duration_minutes int NULL, intensity text NULL, method_is text ''btwin'', as_of timestamptz NULL'),
    ('strategy_performance', 'user_id text NULL, context_is text NULL, policy_is text NULL, method_is text ''btwin'', as_of timestamptz NULL'),
    ('stress_profile', 'user_id text NULL, as_of timestamptz NULL'),
    ('struggle_reduction', 'user_id text NULL, period text ''month'', activation_at timestamptz NULL, as_of timestamptz NULL'),
    ('study_time_heatmap', 'user_id text NULL, weeks int 6, method_is text ''btwin'', as_of timestamptz NULL'),
    ('update_goal_progress', 'user_id text NULL, goal_id text NULL, current_value float8 NULL, note text NULL, idempotency_key text NULL'),
    ('update_personalization_preferences', 'user_id text NULL, personalization_level text NULL, mission_personalization_enabled boolean NULL, content_personalization_enabled boolean NULL, assessment_personalization_enabled boolean NULL, session_personalization_enabled boolean NULL, auto_adapt_enabled boolean NULL, disabled_features text[] NULL');
SELECT is((SELECT count(*) FROM contract), :api_functions::bigint, 'the contract names every function');
SELECT results_eq($$
    SELECT p.proname::text COLLATE "default" AS name,
        string_agg(concat_ws(' ', a.name, CASE replace(format_type(a.type, NULL), '[]', '') WHEN 'integer' THEN 'int' WHEN 'double precision' THEN 'float8'
            WHEN 'timestamp with time zone' THEN 'timestamptz' ELSE replace(format_type(a.type, NULL), '[]', '') END || CASE WHEN format_type(a.type, NULL) LIKE '%[]' THEN '[]' ELSE '' END,
            regexp_replace(pg_get_function_arg_default(p.oid, a.position::int), '::[a-z ]+(\[\])?$', '')), ', ' ORDER BY a.position) COLLATE "default"
    FROM pg_proc AS p, unnest(p.proargnames[:p.pronargs], p.proargtypes::oid[]) WITH ORDINALITY AS a(name, type, position)
    WHERE p.pronamespace = 'btwin_api'::regnamespace GROUP BY p.oid, p.proname ORDER BY p.proname::text COLLATE "C"
    $$, 'SELECT name, arguments FROM contract ORDER BY name COLLATE "C"', 'names, order, types and defaults of all arguments');

-- Bounds that the contract gives. Nothing else of a call is checked: its other arguments have their defaults.
CREATE TEMP TABLE bound (name text, argument text, least float8, most float8, step float8);
INSERT INTO bound VALUES
    ('patterns', 'max_rows', 1, 100, 1), ('insights', 'max_rows', 1, 100, 1), ('recommendations', 'max_rows', 1, 20, 1), ('goals', 'max_rows', 1, 200, 1),
    ('predictions', 'max_rows', 1, 200, 1), ('interventions', 'max_rows', 1, 200, 1), ('personalization_history', 'max_rows', 1, 200, 1),
    ('cognitive_load_history', 'max_rows', 1, 10000, 1), ('alerts', 'max_rows', 1, 20, 1), ('orchestration_recommendations', 'max_rows', 1, 20, 1),
    ('pattern_evolution', 'weeks', 1, 52, 1), ('study_time_heatmap', 'weeks', 1, 52, 1), ('behavioral_correlation', 'weeks', 8, 52, 1),
    ('patterns', 'min_confidence', 0, 1, 1e-6), ('predictions', 'min_probability', 0, 1, 1e-6), ('prediction_summary', 'min_probability', 0, 1, 1e-6),
    ('generate_predictions', 'days_ahead', 1, 30, 1), ('record_cognitive_load', 'error_rate', 0, 1, 1e-6), ('record_cognitive_load', 'session_minutes', 0, 1440, 1e-6),
    ('choose_strategy', 'epsilon', 0, 1, 1e-6), ('choose_strategy', 'sticky_hours', 0, 8760, 1), ('choose_strategy', 'default_reward', 0, 1, 1e-6),
    ('choose_strategy', 'reward_window_hours', 1, 8760, 1);
CREATE FUNCTION pg_temp.call(name text, argument text, value float8) RETURNS text LANGUAGE sql AS $$
    SELECT pg_temp.refusal(format('SELECT btwin_api.%I(%I => %s)', name, argument, CASE WHEN value = round(value) THEN value::bigint::text ELSE value::text END))
$$;
SELECT is_empty($$
    SELECT name, argument, pg_temp.call(name, argument, least), pg_temp.call(name, argument, most) FROM bound
    WHERE pg_temp.call(name, argument, least) LIKE '%' || argument OR pg_temp.call(name, argument, most) LIKE '%' || argument
    $$, 'the bounds themselves are accepted');
SELECT is_empty($$
    SELECT name, argument, pg_temp.call(name, argument, least - step), pg_temp.call(name, argument, most + step) FROM bound
    WHERE pg_temp.call(name, argument, least - step) <> 'PT400 out_of_range ' || argument OR pg_temp.call(name, argument, most + step) <> 'PT400 out_of_range ' || argument
    $$, 'what lies beyond them is not');
SELECT * FROM finish();
