-- One learner as one document, and no trace of the learner afterwards.
\set QUIET on
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS btwin;
SELECT plan(19);
SELECT throws_ok($$SELECT btwin.export_user('x')$$, 'TW001', NULL, 'export before attach');
SELECT throws_ok($$SELECT * FROM btwin.forget_user('x')$$, 'TW001', NULL, 'forget before attach');
CREATE TEMP TABLE attached AS SELECT * FROM btwin.attach('public');
SELECT throws_ok($$SELECT btwin.export_user(NULL)$$, '22004', NULL, 'export of nobody');
SELECT throws_ok($$SELECT * FROM btwin.forget_user(NULL)$$, '22004', NULL, 'forget nobody');

-- two learners whose ids are found nowhere else, with rows in tables reached over one, two and three keys
INSERT INTO users (id) VALUES ('learner-xyzzy'), ('learner-plugh');
INSERT INTO btwin.learner (user_id, time_zone) VALUES ('learner-xyzzy', 'Europe/Berlin');
CREATE FUNCTION fill(learner text) RETURNS void LANGUAGE sql AS $$
INSERT INTO courses (id, user_id, name) VALUES (learner || '-k', learner, 'course');
INSERT INTO lectures (id, user_id, course_id, title, file_name, file_url, file_size) VALUES (learner || '-v', learner, learner || '-k', 't', 'f', 'u', 1);
INSERT INTO learning_objectives (id, lecture_id, objective, extracted_by, complexity) VALUES (learner || '-o', learner || '-v', 'o', 'x', 'BASIC'), (learner || '-o2', learner || '-v', 'o', 'x', 'BASIC');
INSERT INTO objective_prerequisites (id, objective_id, prerequisite_id) VALUES (learner || '-p', learner || '-o2', learner || '-o');
INSERT INTO cards (id, course_id, objective_id, front, back) VALUES (learner || '-c', learner || '-k', learner || '-o', 'f', 'b');
INSERT INTO study_sessions (id, user_id, started_at, duration_ms) VALUES (learner || '-s', learner, '2024-03-01 10:00Z', 1800000);
INSERT INTO reviews (id, user_id, card_id, session_id, rating, time_spent_ms, reviewed_at)
SELECT learner || '-r' || g, learner, learner || '-c', learner || '-s', 'GOOD', 5000, timestamptz '2024-03-01 10:00Z' + g * interval '1 minute' FROM generate_series(1, 3) g;
$$;
SELECT fill('learner-xyzzy'), fill('learner-plugh') \g /dev/null
SELECT btwin.refresh_now() \g /dev/null
SELECT btwin.refresh_now() \g /dev/null
UPDATE btwin.refresh_run SET error = 'learner learner-xyzzy: no' WHERE run_id = 1;
UPDATE reviews SET rating = 'AGAIN' WHERE id = 'learner-xyzzy-r1';

CREATE TEMP TABLE document AS SELECT btwin.export_user('learner-xyzzy') AS d;
SELECT is((SELECT string_agg(k, ' ' ORDER BY k COLLATE "C") FROM document, jsonb_object_keys(d -> 'tables') k),
          'cards courses learning_objectives lectures objective_prerequisites reviews study_sessions users', 'tables with rows of the learner');
SELECT is((SELECT string_agg(k, ' ' ORDER BY k COLLATE "C") FROM document, jsonb_object_keys(d -> 'btwin') k), 'late_change learner user_day user_mark user_month user_total', 'what btwin holds');
SELECT is((SELECT jsonb_array_length(d #> '{tables,reviews}') FROM document), 3, 'all rows');
SELECT is((SELECT d #>> '{tables,objective_prerequisites,0,id}' FROM document), 'learner-xyzzy-p', 'rows reached over three keys');
SELECT ok((SELECT d::text NOT LIKE '%plugh%' FROM document), 'nobody else');
SELECT is(btwin.export_user('nobody'), '{"user_id": "nobody", "schema": "public", "tables": {}, "btwin": {}}'::jsonb, 'of an unknown learner nothing is known');

-- rows of all relations in a schema that name the learner
CREATE FUNCTION traces(schema_name text, learner text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    part  record;
    found boolean;
    names text[] := '{}';
BEGIN
    FOR part IN SELECT c.oid::regclass AS relation FROM pg_class c WHERE c.relnamespace = schema_name::regnamespace AND c.relkind IN ('r', 'p', 'm') ORDER BY c.relname LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM %s t WHERE strpos(t::text, %L) > 0)', part.relation, learner) INTO found;
        IF found THEN
            names := names || part.relation::text;
        END IF;
    END LOOP;
    RETURN array_to_string(names, ' ');
END $$;
SELECT is(traces('btwin', 'xyzzy'), 'btwin.late_change btwin.learner btwin.refresh_run btwin.user_day btwin.user_mark btwin.user_month btwin.user_total', 'where btwin names the learner');
SELECT results_eq($$SELECT object FROM btwin.forget_user('learner-xyzzy') ORDER BY object COLLATE "C"$$,
                  $$VALUES ('btwin.late_change'), ('btwin.learner'), ('btwin.refresh_run'), ('btwin.user_day'), ('btwin.user_mark'), ('btwin.user_month'), ('btwin.user_total')$$, 'forgotten in btwin');
SELECT is(traces('btwin', 'xyzzy'), '', 'no relation of btwin names the learner');
SELECT isnt(traces('public', 'xyzzy'), '', 'the tables of the application do');
SELECT results_eq($$SELECT object, rows_removed FROM btwin.forget_user('learner-xyzzy', application_tables => true) WHERE object <> 'btwin.late_change' ORDER BY object COLLATE "C"$$,
                  $$VALUES ('public.cards', 1::bigint), ('public.courses', 1), ('public.learning_objectives', 2), ('public.lectures', 1), ('public.objective_prerequisites', 1), ('public.reviews', 3), ('public.study_sessions', 1), ('public.users', 1)$$,
                  'asked to, there too');
SELECT is(traces('public', 'xyzzy') || traces('btwin', 'xyzzy'), '', 'no trace is left');
SELECT is((SELECT count(*) FROM reviews), 3::bigint, 'the other learner is untouched');
SELECT is_empty($$SELECT * FROM btwin.verify()$$, 'and so is what is stored of the other');
SELECT is_empty($$SELECT * FROM btwin.forget_user('learner-xyzzy', true)$$, 'a second time there is nothing');
SELECT * FROM finish();
