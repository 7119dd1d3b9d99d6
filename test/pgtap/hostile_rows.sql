-- Rows as an adopted table may hold them, in every table of the data model at once:
-- numbers that are none or of any size, moments far away, documents of any shape with
-- keys that btwin reads, foreign keys to nothing, texts without end. Whatever they are,
-- every function of btwin_api and the analysis answer, or refuse with an error of the
-- API; and no number that they return is NaN or infinite.
--
-- Columns come from the catalog of the data model, so that a new one takes part.
\set QUIET on
SET client_min_messages = warning;
SET DateStyle = 'ISO, YMD';
SET TimeZone = 'UTC';
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS btwin;
\ir api_functions.psql
SELECT plan(25);
CREATE TEMP TABLE attached AS SELECT * FROM btwin.attach('public', default_time_zone => 'Europe/Berlin');
-- as in a table of another owner: nothing is checked, and nothing refers to anything
DO $$DECLARE c record;
BEGIN
    FOR c IN SELECT conrelid::regclass AS relation, conname FROM pg_constraint WHERE contype IN ('c', 'f') AND connamespace = 'public'::regnamespace LOOP
        EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', c.relation, c.conname);
    END LOOP;
END$$;

CREATE FUNCTION pg_temp.one_of(VARIADIC list text[]) RETURNS text LANGUAGE sql VOLATILE AS $$SELECT list[1 + floor(random() * cardinality(list))::integer]$$;
-- Keys that btwin looks up in documents are found in its own functions.
CREATE TEMP TABLE document_key AS
SELECT array_agg(DISTINCT k.found[1]) AS keys FROM pg_proc AS p CROSS JOIN LATERAL regexp_matches(p.prosrc, $r$->>? '([A-Za-z_]+)'$r$, 'g') AS k (found)
WHERE p.pronamespace IN ('btwin'::regnamespace, 'btwin_api'::regnamespace);

-- share: how often a value is one that nobody expects
CREATE FUNCTION pg_temp.document(share float8, depth integer, keys text[]) RETURNS jsonb LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    made jsonb;
BEGIN
    IF depth = 0 OR random() < 0.15 THEN
        RETURN CASE WHEN random() < share
                    THEN pg_temp.one_of('null', '1e308', '-1e308', '1e400', '1e-400', '-1', '0', '""', '"words"', 'true', '[]', '{}', '[null]', '"2026-02-30"', '2147483648', '99999999999999999999', '0.3333333333333333333333333')
                    ELSE pg_temp.one_of('0.5', '0.7', '1', '3', '45', '100', '9', '12', '"MORNING"', '"2026-03-10T10:00:00Z"', '"o1"', '"s1"', '"A"', 'true', '"HIGH"', '"lectures"', '"visual"', '[0.1, 0.2]', '"09:00"', '"17:30"') END::jsonb;
    ELSIF random() < 0.25 THEN
        SELECT coalesce(jsonb_agg(pg_temp.document(share, depth - 1, keys)), '[]') INTO made FROM generate_series(1, floor(random() * 4)::integer);
        RETURN made;
    END IF;
    SELECT jsonb_object_agg(keys[1 + floor(random() * cardinality(keys))::integer], pg_temp.document(share, depth - 1, keys)) INTO made FROM generate_series(1, 3 + floor(random() * 25)::integer);
    RETURN made;
END$$;
CREATE FUNCTION pg_temp.value(c btwin.domain_column, referenced name, share float8, keys text[]) RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    unexpected boolean := random() < share;
    least_value float8 := coalesce(c.minimum, 0);
BEGIN
    IF NOT c.not_null AND random() < 0.3 THEN
        RETURN NULL;
    ELSIF referenced IS NOT NULL OR c.column_name ~ '_id$' THEN
        RETURN CASE WHEN unexpected THEN pg_temp.one_of('', 'nobody', repeat('x', 300))
                    ELSE CASE coalesce(referenced, c.column_name)
                             WHEN 'courses' THEN 'c' WHEN 'topic_id' THEN 'c' WHEN 'lectures' THEN 'l' WHEN 'study_sessions' THEN 's' WHEN 'session_id' THEN 's' WHEN 'missions' THEN 'm' WHEN 'mission_id' THEN 'm'
                             WHEN 'learning_objectives' THEN 'o' WHEN 'objective_id' THEN 'o' WHEN 'learning_objective_id' THEN 'o' ELSE 'r' END || 1 + floor(random() * 20) END;
    END IF;
    RETURN CASE c.type_class
        WHEN 'enum' THEN (SELECT pg_temp.one_of(VARIADIC e.allowed) FROM btwin.domain_enum AS e WHERE e.enum_name = c.enum_name)
        WHEN 'boolean' THEN (random() < 0.5)::text
        WHEN 'integer' THEN CASE WHEN unexpected THEN pg_temp.one_of('0', '1', '-1', '2147483647', '-2147483648')
                                 ELSE floor(least_value + random() * (least(coalesce(c.maximum, CASE c.unit WHEN 'ms' THEN 3600000 ELSE 60 END), 3600000) - least_value))::text END
        WHEN 'float' THEN CASE WHEN unexpected THEN pg_temp.one_of('NaN', 'Infinity', '-Infinity', '0', '-0', '-1', '1e308', '-1e308', '1e-308', '5e-324', '1.0000000000000002')
                               WHEN random() < 0.2 THEN pg_temp.one_of('0', '1', '0.7', '0.5') ELSE (least_value + random() * (least(coalesce(c.maximum, 1), 100) - least_value))::text END
        WHEN 'moment' THEN CASE WHEN unexpected THEN pg_temp.one_of('1970-01-01Z', '9999-12-31Z', '4000-01-01 BC', '294276-01-01Z', '2026-03-16Z', '2026-03-16 12:00Z', '2027-03-16Z')
                                ELSE (timestamptz '2026-03-16 12:00Z' + (CASE WHEN random() < 0.1 THEN 20 ELSE 0 END - 100 * random()) * interval '1 day')::text END
        WHEN 'json' THEN CASE WHEN c.column_name = 'event_data' AND NOT unexpected THEN pg_temp.document(share, 2, keys) || jsonb_build_object('sessionId', 's' || 1 + floor(random() * 60)) ELSE pg_temp.document(share, 3, keys) END::text
        WHEN 'text_array' THEN pg_temp.one_of('{}', '{r1,r2}', '{r3}', '{NULL}', '{"",x}', '{o1,o2}', '{lectures,flashcards}')
        ELSE CASE WHEN unexpected THEN pg_temp.one_of('', ' ', E'\u00e9\u4e2d"\\', repeat('y', 1000), '%s', '{', '-1')
                  ELSE pg_temp.one_of('MORNING', 'SESSION', 'balanced', 'lectures', 'abc', 'A', 'B', 'Europe/Berlin', 'PENDING', 'visual', 'retention', '09:00', 'HIGH', 'card-type:BASIC') END
    END;
END$$;
-- Rows of two learners, the most of the first, in every table
CREATE FUNCTION pg_temp.fill(share float8, n integer) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    t       btwin.domain_table;
    names   text;
    vals    text;
    keys    text[] := (SELECT d.keys FROM document_key AS d);
BEGIN
    FOR t IN SELECT * FROM btwin.domain_table ORDER BY position LOOP
        EXECUTE format('DELETE FROM public.%I', t.table_name);
        FOR i IN 1 .. CASE WHEN t.table_name = 'users' THEN 2 WHEN t.table_name IN ('study_sessions', 'reviews', 'missions', 'behavioral_events', 'performance_metrics', 'validation_responses') THEN 4 * n ELSE n END LOOP
            SELECT string_agg(quote_ident(c.column_name), ', ' ORDER BY c.position),
                   string_agg(quote_nullable(CASE WHEN c.column_name = 'id'
                                                  THEN CASE t.table_name WHEN 'users' THEN 'u' WHEN 'courses' THEN 'c' WHEN 'lectures' THEN 'l' WHEN 'learning_objectives' THEN 'o'
                                                                         WHEN 'study_sessions' THEN 's' WHEN 'missions' THEN 'm' ELSE 'r' END || i
                                                  WHEN c.column_name = 'user_id' THEN 'u' || 1 + floor(random() * 1.3)
                                                  WHEN t.table_name = 'users' AND c.type_class = 'boolean' THEN 'true'
                                                  ELSE pg_temp.value(c, f.referenced, share, keys) END), ', ' ORDER BY c.position)
            INTO names, vals
            FROM btwin.domain_column AS c LEFT JOIN btwin.domain_reference AS f ON f.table_name = c.table_name AND f.column_name = c.column_name
            WHERE c.table_name = t.table_name;
            EXECUTE format('INSERT INTO public.%I (%s) VALUES (%s) ON CONFLICT DO NOTHING', t.table_name, names, vals);
        END LOOP;
    END LOOP;
END$$;

-- What is called: ?m, ?s, ?o and ?r stand for an id, ?x for a method, ?t for a moment.
CREATE TEMP TABLE call (name text PRIMARY KEY, arguments text NOT NULL);
INSERT INTO call VALUES
    ('acknowledge_insight', 'insight_id => ?r, applied => true'), ('alerts', 'as_of => ?t'), ('analyze_patterns', 'force => true, as_of => ?t'),
    ('apply_intervention', 'intervention_id => (SELECT i.id FROM intervention_recommendations AS i WHERE i.user_id = ''u1'' AND i.status = ''PENDING'' ORDER BY i.id LIMIT 1)'), ('apply_intervention_type', 'intervention_type => ''BREAK_SCHEDULE_ADJUST'', mission_id => ?m'),
    ('apply_personalization', 'context => ''MISSION'''), ('apply_recommendation', 'recommendation_id => (SELECT r.id FROM recommendations AS r WHERE r.user_id = ''u1'' AND r.status = ''PENDING'' AND r.applied_at IS NULL ORDER BY r.id LIMIT 1)'), ('assess_burnout', 'method_is => ?x, as_of => ?t'),
    ('assign_experiment', 'experiment_id => ?r'), ('behavioral_correlation', 'weeks => 52, as_of => ?t'), ('behavioral_dashboard', 'as_of => ?t'), ('burnout_risk', 'method_is => ?x, as_of => ?t'),
    ('calendar_status', 'as_of => ?t'), ('calendar_sync', 'busy => ''[{"event_id": "b", "start_at": "2026-12-16T13:00:00Z", "end_at": "2026-12-16T14:00:00Z"}]'''),
    ('choose_strategy', 'idempotency_key => ''k'''), ('cognitive_load_current', 'as_of => ?t'), ('cognitive_load_history', 'granularity => ''day'', as_of => ?t'), ('cognitive_load_summary', 'as_of => ?t'),
    ('create_goal', 'goal_type => ''STUDY_TIME_CONSISTENCY'', target_value => 5, deadline => now() + interval ''30 days'''), ('delete_patterns', ''),
    ('dismiss_recommendation', 'recommendation_id => ?r'), ('experiment_result', 'experiment_id => ?r, as_of => ?t'), ('explain_burnout', 'as_of => ?t'), ('explain_pattern', 'pattern_id => ?r, as_of => ?t'),
    ('explain_struggle', 'objective_id => ?o, method_is => ?x, as_of => ?t'), ('generate_predictions', 'method_is => ?x, as_of => ?t'), ('goals', 'status_is => ''ALL'', as_of => ?t'),
    ('insights', 'include_acknowledged => true, as_of => ?t'), ('interventions', 'as_of => ?t'), ('learning_profile', 'as_of => ?t'), ('model_performance', 'as_of => ?t'),
    ('orchestration_cognitive_load', 'include_trend => true, as_of => ?t'), ('orchestration_recommendations', 'for_date => ''2026-03-17'', method_is => ?x, as_of => ?t'),
    ('pattern_evolution', 'as_of => ?t'), ('patterns', 'min_confidence => 0, as_of => ?t'), ('personalization_config', 'as_of => ?t'),
    ('personalization_effectiveness', 'start_at => ''2025-12-01'', end_at => ''2026-04-01'', as_of => ?t'), ('personalization_history', 'as_of => ?t'), ('personalization_preferences', 'as_of => ?t'),
    ('prediction_feedback', 'prediction_id => ?r, actual_struggle => true, feedback_type => ''HELPFUL'''), ('prediction_summary', 'min_probability => 0, as_of => ?t'), ('predictions', 'min_probability => 0, as_of => ?t'),
    ('recommendation_metrics', 'period => ''90d'', as_of => ?t'), ('recommendations', 'include_applied => true, as_of => ?t'),
    ('record_cognitive_load', 'session_id => ?s, response_latencies_ms => ''{1000,2000}'', error_rate => 0.2, performance_scores => ''{0.5,0.6}'', session_minutes => 30, method_is => ?x'),
    ('record_outcome', 'outcome_type => ''SESSION_COMPLETED'', context => ''SESSION'', retention_score => 0.5, performance_score => 0.7, completion_rate => 1'),
    ('record_reward', 'decision_id => (SELECT d.id FROM btwin.decision AS d WHERE d.user_id = ''u1'' ORDER BY d.decided_at DESC LIMIT 1), reward => 0.6'),
    ('session_plan', 'mission_id => ?m, method_is => ?x, as_of => ?t'), ('strategy_performance', 'method_is => ?x, as_of => ?t'), ('stress_profile', 'as_of => ?t'),
    ('struggle_reduction', 'period => ''all'', as_of => ?t'), ('study_time_heatmap', 'method_is => ?x, as_of => ?t'), ('update_goal_progress', 'goal_id => (SELECT g.id FROM behavioral_goals AS g WHERE g.user_id = ''u1'' AND g.status = ''ACTIVE'' AND g.goal_type <> ''CUSTOM'' ORDER BY g.id LIMIT 1)'),
    ('update_personalization_preferences', 'personalization_level => ''HIGH''');
SELECT is((SELECT count(*) FROM call), :api_functions::bigint, 'every function is called');
CREATE TEMP TABLE answer (name text, state text, message text, statement text);
CREATE FUNCTION pg_temp.ask(name text, statement text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    shown   text;
    place   text;
BEGIN
    EXECUTE statement INTO shown;
    INSERT INTO answer VALUES (name, CASE WHEN shown ~ '(: |\[)"?(NaN|-?Infinity)"?[,}\]]' THEN 'NaN' ELSE 'answered' END, left(shown, 2000), statement);
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS place = PG_EXCEPTION_CONTEXT;
    INSERT INTO answer VALUES (name, SQLSTATE, SQLERRM || ' at ' || left(regexp_replace(place, '\s+', ' ', 'g'), 500), statement);
END$$;
-- Reads; the analysis; reads of what it left; writes; and all of that again
CREATE FUNCTION pg_temp.walk() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    asked record;
BEGIN
    FOR asked IN SELECT w.name, w.arguments
                 FROM (SELECT c.name, c.arguments, p.provolatile = 'v' AS writes FROM call AS c JOIN pg_proc AS p ON p.pronamespace = 'btwin_api'::regnamespace AND p.proname = c.name
                       UNION ALL VALUES ('analyze', NULL, NULL::boolean)) AS w
                 JOIN generate_series(1, 6) AS turn ON CASE turn WHEN 2 THEN w.writes IS NULL WHEN 4 THEN w.writes WHEN 5 THEN w.writes IS NULL ELSE NOT w.writes END
                 ORDER BY turn, w.name = 'delete_patterns', w.name LOOP
        PERFORM pg_temp.ask(asked.name, CASE WHEN asked.name = 'analyze' THEN 'SELECT btwin.analyze(''u1'', ''2026-03-16 12:00Z'')'
            ELSE format('SELECT string_agg(to_jsonb(a)::text, '' '') FROM btwin_api.%I(%s) AS a', asked.name,
                        concat_ws(', ', CASE WHEN asked.name <> 'experiment_result' THEN 'user_id => ''u1''' END, nullif(
                            replace(replace(replace(replace(replace(replace(asked.arguments, '?m', quote_literal('m' || 1 + floor(random() * 12))), '?s', quote_literal('s' || 1 + floor(random() * 12))),
                                    '?o', quote_literal('o' || 1 + floor(random() * 12))), '?r', quote_literal('r' || 1 + floor(random() * 20))), '?x', quote_literal(pg_temp.one_of('btwin', 'epic5'))),
                                    '?t', pg_temp.one_of('''2026-03-16 12:00Z''', '''2026-03-16 12:00Z''', '''2026-03-01 00:00Z''', 'NULL')), ''))) END);
    END LOOP;
END$$;

-- few, some and many of such values
SELECT setseed(0.25) \g /dev/null
SELECT pg_temp.fill(0.02, 40), pg_temp.walk() \g /dev/null
SELECT pg_temp.fill(0.1, 25), pg_temp.walk() \g /dev/null
SELECT pg_temp.fill(0.4, 25), pg_temp.walk() \g /dev/null

SELECT is_empty($$SELECT name, state, message, statement FROM answer WHERE state <> 'answered' AND state !~ '^PT4' ORDER BY 1, 2, 3, 4$$, 'answers and refusals, nothing else');
-- a major may draw other rows of the same seed
SELECT cmp_ok((SELECT count(DISTINCT name) FROM answer WHERE state = 'answered'), '>', :api_functions - 10::bigint, 'nearly every function answered some time');
SELECT cmp_ok((SELECT count(*) FROM answer), '>', 300::bigint, 'so many were asked');
SELECT cmp_ok((SELECT count(*) FROM answer WHERE name = 'analyze' AND message ~ '"created": [1-9]'), '>', 0::bigint, 'and the analysis found something');

-- What such rows found, each alone

CREATE FUNCTION pg_temp.outcome(statement text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE statement;
    RETURN 'answered';
EXCEPTION WHEN OTHERS THEN
    RETURN SQLSTATE || ' ' || SQLERRM;
END$$;
SELECT pg_temp.fill(0, 0) \g /dev/null
INSERT INTO users (id) VALUES ('v');
-- a length of 25 hours is one, of a millisecond more or less than none it is unknown: 1500 + 1 minutes; names of 1 to 255 bytes
INSERT INTO study_sessions (id, user_id, started_at, duration_ms) SELECT 's' || n, 'v', timestamptz '2026-03-10 10:00Z', ms FROM unnest('{90000000,90000001,60000,-1,2147483647}'::integer[]) WITH ORDINALITY AS x (ms, n);
INSERT INTO behavioral_events (id, user_id, event_type, event_data, timestamp, content_type, session_performance_score)
SELECT 'e' || n, 'v', 'SESSION_ENDED', jsonb_build_object('sessionId', 's' || n), '2026-03-10 11:00Z', repeat('x', length), 80 FROM unnest('{0,1,255,256}'::integer[]) WITH ORDINALITY AS x (length, n);
INSERT INTO reviews (id, user_id, card_id, rating, reviewed_at) SELECT 'r' || n, 'v', repeat('x', length), 'GOOD', timestamptz '2026-03-10 10:00Z' FROM unnest('{0,1,255,256}'::integer[]) WITH ORDINALITY AS x (length, n);
INSERT INTO personalization_outcomes (id, user_id, outcome_type, context, timestamp, performance_score, strategy_variant)
SELECT 'o' || n, 'v', 'SESSION_COMPLETED', 'SESSION', '2026-03-10 10:00Z', 0.5, repeat('x', length) FROM unnest('{0,1,255,256}'::integer[]) WITH ORDINALITY AS x (length, n);
SELECT is((SELECT string_agg(format('%s %s %s', s.family, s.n_rows, s.total), ', ' ORDER BY s.family) FROM btwin.learner_states('{v}', '{burnout,forgetting,bandit}', '2026-03-16Z') AS s),
          'bandit 2 1, burnout 13 1501, forgetting 2 2', 'lengths and names of states');
SELECT is((SELECT string_agg(octet_length(b.bucket)::text, ' ' ORDER BY b.bucket) FROM btwin.buckets(btwin.learner_pattern('v', 'content', '2026-03-16Z')) AS b), '1 255', 'content types');
SELECT is(btwin.stored_struggle_vector('{"retention_score": 1e-400, "workload_level": 1.0000000000000000000000000000001, "validationScore": 0.123456789012345678}')::text,
          '{0,NULL,NULL,NULL,0.12345678901234568,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL}', 'a share smaller than any float8 is 0');
-- a number smaller than any that can be divided; two that cannot be squared; counts beyond an integer
INSERT INTO courses (id, user_id, name) VALUES ('c', 'v', 'c');
INSERT INTO lectures (id, user_id, course_id, title, file_name, file_url, file_size) VALUES ('l', 'v', 'c', 't', 'f', 'u', 1);
INSERT INTO learning_objectives (id, lecture_id, objective, extracted_by, complexity) VALUES ('o', 'l', 'o', 'x', 'BASIC');
INSERT INTO cognitive_load_metrics (id, user_id, load_score, stress_indicators, confidence_level, timestamp) VALUES ('l1', 'v', 5e-324, '[]', 0.5, '2026-03-15Z');
INSERT INTO missions (id, user_id, date, status, estimated_minutes, objectives) VALUES ('m', 'v', '2026-03-17', 'PENDING', 30, '["o"]');
INSERT INTO struggle_predictions (id, user_id, learning_objective_id, predicted_struggle_probability, prediction_confidence, feature_vector, struggling_factors, prediction_date, prediction_status, actual_outcome, actual_outcome_recorded_at)
SELECT 'p' || n, 'v', 'o', CASE WHEN n > 20 THEN 0.9 ELSE 1e-300 END, 0.5, '{}', '{}', '2026-03-16 20:00Z', CASE WHEN n > 20 THEN 'PENDING' ELSE 'CONFIRMED' END, CASE WHEN n <= 20 THEN false END, CASE WHEN n <= 20 THEN timestamptz '2026-03-12Z' END FROM generate_series(1, 21) n;
UPDATE struggle_predictions SET prediction_date = '2026-03-10Z' WHERE actual_outcome IS NOT NULL;
UPDATE struggle_predictions SET predicted_at = '2026-03-09Z';
INSERT INTO struggle_indicators (id, user_id, learning_objective_id, indicator_type, severity, detected_at, context, prediction_id) VALUES ('i', 'v', 'o', 'COGNITIVE_OVERLOAD', 'HIGH', '2026-03-15Z', '{}', 'p21');
INSERT INTO validation_responses (id, user_id, prompt_id, session_id, user_answer, ai_evaluation, score, confidence, responded_at) SELECT 'v' || n, 'v', 'x', 's1', 'a', '', 0.5, c, timestamptz '2026-03-10Z' + n * interval '1 hour' FROM unnest('{1e308,0.5,NaN}'::float8[]) WITH ORDINALITY AS x (c, n);
INSERT INTO user_learning_profiles (id, user_id, preferred_study_times, average_session_duration, optimal_session_duration, content_preferences, learning_style_profile, personalized_forgetting_curve, last_analyzed_at, data_quality_score)
VALUES ('f', 'v', '[]', 40, 45, '{}', '{}', '{}', '2026-03-15Z', 5e-324);
INSERT INTO personalization_preferences (id, user_id) VALUES ('p', 'v');
INSERT INTO personalization_configs (id, user_id, preferences_id, context, strategy_variant, confidence_score, activated_at) VALUES ('g', 'v', 'p', 'SESSION', 'balanced', 0.5, '2026-03-01Z');
INSERT INTO personalization_effectiveness (id, user_id, config_id, start_date, end_date, retention_improvement, composite_score, sample_size, calculated_at)
SELECT 'x' || n, 'v', 'g', timestamptz '2026-03-01Z' + n * interval '1 day', timestamptz '2026-03-02Z' + n * interval '1 day', 5, 50, size, '2026-03-10Z' FROM unnest('{2147483647,2147483647,-2147483648}'::integer[]) WITH ORDINALITY AS x (size, n);
UPDATE reviews SET stability_after = 5e-324, session_id = 's1';
UPDATE study_sessions SET completed_at = started_at, duration_ms = 3600000;
INSERT INTO behavioral_goals (id, user_id, goal_type, title, description, target_metric, current_value, target_value, deadline, progress_history, created_at)
SELECT 'g' || n, 'v', 'CUSTOM', 't', 'd', 'x', 0, 1, d, '[]', '2026-03-01Z' FROM unnest('{infinity,-infinity,2026-03-18Z}'::timestamptz[]) WITH ORDINALITY AS x (d, n);
INSERT INTO personalization_experiments (id, user_id, preferences_id, experiment_name, context, variants, start_date, end_date) VALUES ('e', 'v', 'p', 'e', 'SESSION', '"{\"variants\": ["', '2026-03-01Z', '2026-04-01Z');
SELECT is(pg_temp.outcome(format('SELECT btwin_api.%s, as_of => ''2026-03-16 12:00Z'')', call)), 'answered', split_part(call, '(', 1))
FROM unnest(ARRAY['alerts(''v''', 'explain_struggle(''v'', objective_id => ''o''', 'model_performance(''v''', 'struggle_reduction(''v'', period => ''all''', 'stress_profile(''v''',
                  'personalization_effectiveness(''v'', start_at => ''2026-03-01Z'', end_at => ''2026-03-16Z''', 'session_plan(''v'', mission_id => ''m'', method_is => ''epic5''',
                  'behavioral_dashboard(''v''', 'experiment_result(''e''']) AS c (call);
SELECT is((SELECT count(*) FROM btwin_api.alerts('v', as_of => '2026-03-16 12:00Z')), 1::bigint, 'an alert');
SELECT is((SELECT string_agg(coalesce(g.days_left::text, '-'), ' ' ORDER BY g.id) FROM btwin_api.goals('v', as_of => '2026-03-16 12:00Z') AS g), '- - 1', 'a goal without an end has no days left');
SELECT is(btwin_api.personalization_effectiveness('v', start_at => '2026-03-01Z', end_at => '2026-03-16Z', as_of => '2026-03-16 12:00Z') #>> '{statistical,sample_size}', '20000000', 'counts within reason');
-- of loads that are none none is the newest
UPDATE user_learning_profiles SET data_quality_score = 0.9;
INSERT INTO cognitive_load_metrics (id, user_id, load_score, stress_indicators, confidence_level, timestamp) VALUES ('l2', 'v', 1e308, '[]', 0.5, '2026-03-15 01:00Z'), ('l3', 'v', 100, '[]', 0.5, '2026-03-15 00:30Z');
CREATE TEMP TABLE with_them AS SELECT btwin_api.personalization_config('v', as_of => '2026-03-16 12:00Z') AS d;
DELETE FROM cognitive_load_metrics WHERE id = 'l2';
SELECT is((SELECT w.d FROM with_them AS w), btwin_api.personalization_config('v', as_of => '2026-03-16 12:00Z'), 'loads that are none are not there');
SELECT is((SELECT w.d #>> '{session,parameters,breaks,0,after_minutes}' FROM with_them AS w), '20', 'the newest that is one is critical');
DELETE FROM cognitive_load_metrics;
UPDATE user_learning_profiles SET data_quality_score = 5e-324;
SELECT is(pg_temp.outcome($$SELECT btwin_api.session_plan('v', mission_id => 'm', as_of => '2026-03-16 12:00Z')$$), 'answered', 'half of nearly nothing');

-- Arguments of any kind, one at a time, the others as above
CREATE TEMP TABLE extreme (type regtype, list text[]);
INSERT INTO extreme VALUES
    ('timestamptz', '{4714-11-24 00:00:00+00 BC,0001-01-01 00:00:00+00,1970-01-01Z,9999-12-31Z,294276-12-31 23:59:59Z,infinity,-infinity}'), ('date', '{4713-01-01 BC,0001-01-01,5874897-12-31,infinity,-infinity}'),
    ('integer', '{2147483647,-2147483648,0,1}'), ('float8', '{NaN,Infinity,-Infinity,1e308,-1e308,5e-324,0}'), ('float8[]', ARRAY['{NaN}', '{1e308}', '{5e-324}', '{NULL}', '{{1,2},{3,4}}', '{-1}']),
    ('text', ARRAY['', repeat('x', 100000), E'\u00e9''"\\']), ('text[]', ARRAY['{NULL}', '{}', '{"",a}', '{{a},{b}}']),
    ('jsonb', ARRAY['null', '1', '"x"', '[]', '{}', '[null]', '[{}]', '[[]]', '{"a": 1e400}', '{"pause_count": 1e400}', '[{"event_id": 1, "start_at": "x", "end_at": 5}]']), ('boolean', '{true,false}');
DELETE FROM answer;
SELECT count(pg_temp.ask(c.name, format('SELECT string_agg(to_jsonb(a)::text, '' '') FROM btwin_api.%I(%s) AS a', c.name, concat_ws(', ',
           CASE WHEN c.name <> 'experiment_result' AND a.name <> 'user_id' THEN 'user_id => ''v''' END, format('%I => %L', a.name, v.value),
           (SELECT string_agg(o.part, ', ') FROM regexp_split_to_table(replace(replace(replace(replace(replace(c.arguments, '?m', '''m'''), '?s', '''s1'''), '?o', '''o'''), '?r', '''e'''), '?x', '''btwin'''), ', (?=[a-z_]+ =>)') AS o (part)
            WHERE o.part !~ '[?]t' AND o.part <> '' AND split_part(o.part, ' ', 1) <> a.name)))))
FROM call AS c JOIN pg_proc AS p ON p.pronamespace = 'btwin_api'::regnamespace AND p.proname = c.name
CROSS JOIN LATERAL unnest(p.proargnames[:p.pronargs], p.proargtypes::oid[]) AS a (name, type) JOIN extreme AS e ON e.type = a.type CROSS JOIN LATERAL unnest(e.list) AS v (value) \g /dev/null
SELECT is_empty($$SELECT name, state, message, left(statement, 500) FROM answer WHERE state <> 'answered' AND state !~ '^PT4' ORDER BY 1, 2, 3, 4$$, 'arguments of any kind: answers and refusals, nothing else');
SELECT cmp_ok((SELECT count(*) FROM answer), '>', 800::bigint, 'so many were tried');
SELECT * FROM finish();
