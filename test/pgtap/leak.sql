-- Nobody reads, writes or infers anything of another learner: whatever btwin has in
-- its schemas is found in the catalogs and asked, as learners A and B, without a
-- claim, as a service, as a BI tool and as a role without rights. Leaks that are
-- planted must be found.
BEGIN;
SET LOCAL client_min_messages = warning;
SET LOCAL jit = off;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS btwin;
-- at least so many functions of btwin_api there must be to ask
\ir api_functions.psql
SELECT plan(22);
CREATE ROLE regress_leak_web;
CREATE ROLE regress_leak_service;
CREATE ROLE regress_leak_bi;
CREATE ROLE regress_leak_nobody;
CREATE TEMP TABLE attached AS SELECT * FROM btwin.attach('public');

-- Two learners with rows in every table of the data model; every text names its learner
CREATE FUNCTION pg_temp.fill(learner text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    part record;
BEGIN
    FOR part IN
        SELECT t.table_name, k, string_agg(quote_ident(d.column_name), ', ' ORDER BY d.position) AS names, string_agg(v.value, ', ' ORDER BY d.position) AS list
        FROM btwin.domain_table t CROSS JOIN generate_series(1, 3) AS k
        JOIN btwin.domain_column d ON d.table_name = t.table_name
        LEFT JOIN btwin.domain_reference r ON r.table_name = d.table_name AND r.column_name = d.column_name
        CROSS JOIN LATERAL (SELECT CASE
            WHEN d.column_name = t.learner_column THEN quote_literal(learner)
            WHEN r.referenced = 'users' THEN quote_literal(learner)
            WHEN r.referenced = 'validation_prompts' THEN '''everybody-validation_prompts-1'''
            WHEN r.referenced IS NOT NULL THEN quote_literal(format('%s-%s-1', learner, r.referenced))
            WHEN d.column_name = 'id' THEN quote_literal(format('%s-%s-%s', learner, t.table_name, k))
            WHEN d.type_class = 'id' THEN quote_literal(learner || '-' || d.column_name)
            WHEN d.type_class = 'text' THEN quote_literal('of ' || learner)
            WHEN d.type_class = 'enum' THEN (SELECT quote_literal(e.allowed[1 + (k - 1) % cardinality(e.allowed)]) FROM btwin.domain_enum e WHERE e.enum_name = d.enum_name)
            WHEN d.type_class = 'integer' THEN least(coalesce(d.minimum, 0) + k, d.maximum)::int::text
            WHEN d.type_class = 'float' THEN (coalesce(d.minimum, 0) + (coalesce(d.maximum, coalesce(d.minimum, 0) + 10) - coalesce(d.minimum, 0)) * k / 4.0)::text
            WHEN d.type_class = 'boolean' THEN (k < 3)::text
            WHEN d.type_class = 'moment' AND NOT d.not_null AND k < 3 THEN 'NULL'
            WHEN d.type_class = 'moment' THEN format('now() - interval ''%s days''', k)
            WHEN d.type_class = 'json' AND NOT d.not_null THEN 'NULL'
            WHEN d.type_class = 'json' THEN quote_literal(CASE WHEN d.column_name ~ 's$' THEN '[]'::jsonb ELSE jsonb_build_object('secret', 'of ' || learner) END)
            ELSE quote_literal(ARRAY['of ' || learner]) END) AS v (value)
        WHERE (t.table_name <> 'users' OR k = 1) AND (num_nonnulls(t.learner_column, t.learner_via) = 0) = (learner = 'everybody')
        GROUP BY t.table_name, t.position, k ORDER BY t.position, k
    LOOP
        EXECUTE format('INSERT INTO public.%I (%s) VALUES (%s) ON CONFLICT DO NOTHING', part.table_name, part.names, part.list);
    END LOOP;
    IF learner = 'everybody' THEN
        RETURN;
    END IF;
    INSERT INTO study_sessions (id, user_id, started_at, completed_at, duration_ms)
    SELECT learner || '-session-' || g, learner, s.at, s.at + interval '30 minutes', 1800000 FROM generate_series(1, 60) g, LATERAL (SELECT now() - g * interval '25 hours') s (at);
    INSERT INTO reviews (id, user_id, card_id, session_id, rating, time_spent_ms, reviewed_at)
    SELECT learner || '-review-' || g, learner, learner || '-cards-1', learner || '-session-' || g, CASE WHEN g % 4 = 0 THEN 'AGAIN' ELSE 'GOOD' END, 4000 + g, now() - g * interval '25 hours' + interval '5 minutes' FROM generate_series(1, 60) g;
    INSERT INTO cognitive_load_metrics (id, user_id, timestamp, load_score, stress_indicators, confidence_level)
    SELECT learner || '-load-' || g, learner, now() - g * interval '9 hours', 20 + g % 60, '[]', 0.7 FROM generate_series(1, 60) g;
    -- a learner whose sessions can be personalized
    UPDATE personalization_preferences SET personalization_level = 'MEDIUM' WHERE user_id = learner;
    UPDATE user_learning_profiles SET data_quality_score = 0.9 WHERE user_id = learner;
    INSERT INTO personalization_configs (id, user_id, preferences_id, context, strategy_variant, activated_at)
    VALUES (learner || '-config', learner, learner || '-personalization_preferences-1', 'SESSION', 'balanced', now() - interval '1 day');
    -- what btwin writes itself
    INSERT INTO btwin.learner (user_id, time_zone) VALUES (learner, 'Europe/Berlin');
    INSERT INTO btwin.pattern_history VALUES (learner, learner || '-behavioral_patterns-1', now() - interval '20 days', 'CREATED', 'PERFORMANCE_PEAK', 'of ' || learner, 0.5, 5, '{}', 'btwin', 'pattern-1');
    INSERT INTO btwin.prediction_history VALUES (learner, learner || '-struggle_predictions-1', now() - interval '2 days', 0.5, 0.4, 0.6, 0.5, now(), '{}', 'btwin', 'struggle-1');
    INSERT INTO btwin.config_history VALUES (learner, learner || '-personalization_configs-1', 'APPLIED', 1, now() - interval '2 days', 'SESSION', 'balanced', NULL, 50, 'of ' || learner);
    INSERT INTO btwin.calendar_busy VALUES (learner, learner || '-event', now(), now() + interval '1 hour', 'of ' || learner, now());
    INSERT INTO btwin.decision (user_id, id, context, policy, policy_version, arms, arm, propensity, propensities, reward_due_at)
    VALUES (learner, learner || '-decision', 'SESSION', 'thompson', 'v1', '{a,b}', 'a', 0.5, '{0.5,0.5}', now());
    INSERT INTO btwin.api_call VALUES (learner, 'f', 'of ' || learner, '{}', '{}', now());
    PERFORM btwin._begin_write(learner);
    INSERT INTO btwin.analysis_state (user_id, error) VALUES (learner, 'of ' || learner);
    INSERT INTO btwin.provenance VALUES (learner, 'behavioral_patterns', learner || '-behavioral_patterns-1', 'btwin', 'pattern-1', now(), 5, 0.1, 0.9);
END $$;
SELECT pg_temp.fill('everybody'), pg_temp.fill('leak-a'), pg_temp.fill('leak-b') \g /dev/null
-- a store that is filled: as if a refresh had looked at the clock before
INSERT INTO btwin.refresh_clock SELECT '3', clock_timestamp(), s.system_identifier FROM pg_control_system() s;
SELECT matches(btwin.refresh_now(), '^done: 2 of 2 learners, [1-9]', 'the store is filled');
INSERT INTO btwin.store_content VALUES ('leak-a', '2026-01-01', 'x'), ('leak-b', '2026-01-01', 'x');
INSERT INTO btwin.late_change (user_id, from_day, to_day) VALUES ('leak-a', current_date - 9, current_date - 9), ('leak-b', current_date - 9, current_date - 9), (NULL, '2020-01-01', '2020-01-02');
SET LOCAL btwin.min_cohort = 1;
CREATE TEMP TABLE bi_filled AS SELECT * FROM btwin.refresh_bi();
\ir leak_suite.psql
SELECT pg_temp.find_ids() \g /dev/null

-- The suite looks at something
SELECT is_empty($$SELECT l.relation FROM pg_temp.learner_table() l CROSS JOIN (VALUES ('leak-a'), ('leak-b')) AS u (learner)
                  WHERE (xpath('//c/text()', query_to_xml(format('SELECT count(*) AS c FROM %s t WHERE %s', l.relation, replace(l.condition, '$1', quote_literal(u.learner))), false, true, '')))[1]::text = '0'$$,
                'both learners have rows in every table');
SELECT cmp_ok((SELECT count(DISTINCT oid) FROM pg_temp.callable() WHERE is_api), '>=', (:api_functions)::bigint, 'functions of btwin_api');
SELECT cmp_ok((SELECT count(DISTINCT oid) FROM pg_temp.callable() WHERE NOT is_api AND pg_temp.is_id(argument, type)), '>=', 15::bigint, 'functions of the library that take an id');
SET LOCAL client_min_messages = error;
SET LOCAL enable_seqscan = off;
-- plans as in tables that have grown, where the key is the shortest way to a row
UPDATE pg_class c SET reltuples = 1000000, relpages = 1 FROM btwin.domain_table t WHERE c.oid = to_regclass('public.' || t.table_name) AND c.relname <> 'users';
CREATE TEMP TABLE secured AS SELECT * FROM btwin.secure('regress_leak_web', 'regress_leak_service', 'regress_leak_bi');
-- two more endpoints, as they are to be written
CREATE FUNCTION btwin_api.leak_fixture(user_id text DEFAULT NULL, after_id text DEFAULT NULL) RETURNS TABLE (id text) LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    learner text := btwin._caller(leak_fixture.user_id);
BEGIN
    IF leak_fixture.after_id IS NOT NULL AND NOT EXISTS (SELECT FROM btwin.missions m WHERE m.user_id = learner AND m.id IS NOT DISTINCT FROM leak_fixture.after_id) THEN
        PERFORM btwin._refuse_foreign();
    END IF;
    RETURN QUERY SELECT m.id FROM btwin.missions m WHERE m.user_id = learner ORDER BY m.id;
END $$;
CREATE TEMP TABLE secured_again AS SELECT * FROM btwin.secure();
SELECT is(pg_temp.answer('A', 'SELECT count(*) FROM btwin_api.leak_fixture()'), 'rows (3)', 'A is answered');
SELECT is(pg_temp.answer('service', $$SELECT count(*) FROM btwin_api.leak_fixture('leak-b')$$), 'rows (3)', 'a service is answered about anybody');
SELECT is(pg_temp.answer('service', 'SELECT count(*) FROM btwin_api.leak_fixture()'), 'PT400|argument "user_id" is missing|{"code": "user_required", "argument": "user_id"}|A service names the learner.', 'and must say whom');
SELECT matches(pg_temp.answer('service', $$SELECT count(*) FROM btwin_api.leak_fixture('leak-0')$$), '^PT404', 'or is told who is unknown');
SELECT matches(pg_temp.answer('bi', $$SELECT user_id FROM btwin_bi.learner_day$$), 'leak-b', 'a BI tool reads rows of learners');
-- every function answers A with something, by itself or for one of A's ids
CREATE TEMP TABLE answered AS SELECT * FROM pg_temp.answers_to_a();
SELECT is_empty($$SELECT f.name, min(a.answer) FROM (SELECT DISTINCT name FROM pg_temp.callable() WHERE is_api) f JOIN answered a ON strpos(a.statement, ' ' || f.name || '(') > 0
                  GROUP BY 1 HAVING bool_and(a.answer !~ '^(rows |PT422|PT403.*service_only)')$$, 'A is answered by every function');
SELECT is_empty($$SELECT statement, answer FROM answered WHERE statement ~ 'btwin_api' AND answer ~ '^(XX|42|25|22P0|P0)'$$, 'and by none with an error of the server');

SELECT is_empty('SELECT * FROM pg_temp.findings()', 'no leaks');

-- Planted leaks: each is found, and undone again
CREATE FUNCTION pg_temp.found_in(only_ text, plant text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    found text;
BEGIN
    EXECUTE plant;
    GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA btwin_api TO regress_leak_web, regress_leak_service;
    SELECT string_agg(DISTINCT f.what || ' ' || f.who, ', ' ORDER BY f.what || ' ' || f.who) INTO found FROM pg_temp.findings(only_) f;
    RAISE EXCEPTION USING ERRCODE = 'UNDO0', MESSAGE = coalesce(found, 'nothing');
EXCEPTION WHEN SQLSTATE 'UNDO0' THEN
    RETURN SQLERRM;
END $$;
SELECT is(pg_temp.found_in('%leak_fixture%', 'SELECT 1'), 'nothing', 'a function as it is to be: nothing is found');
SELECT matches(pg_temp.found_in('%planted%', $$CREATE FUNCTION btwin_api.planted(user_id text DEFAULT NULL) RETURNS SETOF text LANGUAGE sql STABLE SECURITY DEFINER AS
    'SELECT m.id FROM public.missions m WHERE m.user_id = planted.user_id'$$), 'tells apart A, tells apart anonymous', 'a reader with its owner''s rights');
SELECT matches(pg_temp.found_in('%planted%', $$CREATE FUNCTION btwin_api.planted(user_id text DEFAULT NULL) RETURNS bigint LANGUAGE sql STABLE SECURITY DEFINER AS
    'SELECT count(*) FROM public.reviews'$$), 'answers anonymous.*depends on B A', 'a number of rows of all learners');
SELECT matches(pg_temp.found_in('%planted%', $$CREATE FUNCTION btwin_api.planted(mission_id text DEFAULT NULL) RETURNS bool LANGUAGE plpgsql STABLE SECURITY DEFINER AS
    'BEGIN IF NOT EXISTS (SELECT FROM public.missions m WHERE m.id = mission_id) THEN PERFORM btwin._refuse_foreign(true); END IF; RETURN btwin._refuse_foreign(false); END'$$), 'tells apart A', 'another error where the id exists');
SELECT matches(pg_temp.found_in('%planted%', $$CREATE FUNCTION btwin_api.planted(user_id text DEFAULT NULL) RETURNS bool LANGUAGE plpgsql STABLE SECURITY DEFINER AS
    'BEGIN PERFORM count(r.rating) FROM public.reviews r, public.cognitive_load_metrics l, public.study_sessions s WHERE r.user_id = planted.user_id AND l.user_id = r.user_id AND s.user_id = r.user_id; RETURN btwin._refuse_foreign(false); END'$$), 'reads more pages A', 'the same answer after reading the rows');
SELECT matches(pg_temp.found_in('%planted%', $$CREATE FUNCTION btwin_api.planted(mission_id text DEFAULT NULL) RETURNS bool LANGUAGE plpgsql STABLE AS
    'DECLARE learner text := btwin._caller(NULL); BEGIN RETURN EXISTS (SELECT FROM btwin.missions m WHERE m.id = mission_id AND m.user_id = learner) OR btwin._refuse_foreign(); END'$$), 'reads more pages A', 'the same answer after one page of the row');
SELECT matches(pg_temp.found_in('%planted%', $$CREATE FUNCTION btwin_api.planted(mission_id text DEFAULT NULL) RETURNS bool LANGUAGE plpgsql VOLATILE SECURITY DEFINER AS
    'BEGIN PERFORM btwin._caller(NULL); UPDATE public.missions m SET status = ''SKIPPED'' WHERE m.id = mission_id; RETURN true; END'$$), 'writes A', 'a writer by id alone');
SELECT matches(pg_temp.found_in('%planted%', $$CREATE VIEW btwin_api.planted AS SELECT m.id FROM public.missions m; GRANT SELECT ON btwin_api.planted TO regress_leak_web$$), 'reads A, reads anonymous', 'a view with its owner''s rights');
SELECT matches(pg_temp.found_in('%missions', 'ALTER TABLE public.missions DISABLE ROW LEVEL SECURITY'), 'depends on B A, reads A, reads anonymous, writes A', 'a table without row security');
SELECT matches(pg_temp.found_in('%mission_streaks', 'GRANT SELECT ON public.mission_streaks TO regress_leak_nobody; ALTER POLICY btwin_learner ON public.mission_streaks USING (user_id IS NOT NULL)'), 'reads A, reads anonymous', 'a policy that says nothing');
SELECT * FROM finish();
ROLLBACK;
