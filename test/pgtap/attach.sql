-- attach in a database without tables: it creates them all.
BEGIN;
SET LOCAL client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS btwin;
\ir ../data/adoption_helpers.sql
SELECT plan(63);

-- before attach
SELECT is(btwin.attached_schema(), NULL, 'nothing is attached');
SELECT throws_ok('SELECT btwin.require_attached()', 'TW001', 'btwin is not attached to a schema of this database', 'what needs the tables says so');
SELECT throws_ok('SELECT * FROM btwin.index_catalog', 'TW001', NULL, 'so does the index catalog');
SELECT throws_ok($$ SELECT btwin.learner_time_zone('u1') $$, 'TW001', NULL, 'so does the time zone of a learner');
CREATE FUNCTION pg_temp.hint_of(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    found_hint text;
BEGIN
    EXECUTE statement;
    RETURN 'no error';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS found_hint = PG_EXCEPTION_HINT;
    RETURN found_hint;
END
$$;
SELECT is(pg_temp.hint_of('SELECT * FROM btwin.index_catalog'), 'SELECT * FROM btwin.attach()', 'with a hint');
SELECT is_empty('SELECT * FROM btwin.detach()', 'there is nothing to detach');

-- the first call
CREATE SCHEMA regress_app;
CREATE TEMP TABLE first_call AS SELECT * FROM btwin.attach('regress_app');
-- 44 tables and views, 32 of the tables have learner and moment, 27 + 22 indexes;
-- 8 tables of the store, 7 tables it is worked out from with a function and triggers
-- each, and what notes that a table was emptied and writes notes before commit;
-- 14 BI views and the table of their refreshes
SELECT results_eq($$ SELECT kind, action, count(*)::int FROM first_call WHERE kind <> 'schema' GROUP BY 1, 2 ORDER BY kind COLLATE "C" $$,
    $$ VALUES ('bi', 'created', 15), ('function', 'created', 41), ('index', 'created', 49), ('jobs', 'created', 4), ('record', 'created', 10), ('settings', 'created', 3), ('store', 'created', 9), ('table', 'created', 44),
              ('trigger', 'created', 8), ('view', 'created', 44) $$,
    'everything is created');
SELECT is(btwin.attached_schema(), 'regress_app', 'the schema is attached');
SELECT is(btwin.require_attached(), 'regress_app', 'and required');

-- the second call
CREATE TEMP TABLE before_second AS SELECT * FROM pg_temp.catalog_snapshot() AS s (line);
SELECT is_empty($$ SELECT * FROM btwin.attach('regress_app') WHERE action <> 'found' $$, 'a second call finds all');
SELECT is((SELECT count(*) FROM btwin.attach('regress_app')), (SELECT count(*) FROM first_call), 'and reports the same objects');
SELECT is_empty('SELECT * FROM pg_temp.catalog_snapshot() EXCEPT SELECT line FROM before_second', 'it adds nothing');
SELECT is_empty('SELECT line FROM before_second EXCEPT SELECT * FROM pg_temp.catalog_snapshot()', 'it removes nothing');

-- what was created
SELECT is_empty($$ SELECT object, detail FROM first_call WHERE kind = 'table' AND detail !~ '^table, [0-9]+ columns$' $$, 'nothing is said to be left out where nothing is');
SELECT is_empty($$
    SELECT d.table_name, d.column_name FROM btwin.domain_column d JOIN btwin.domain_type y ON y.type_class = d.type_class
    LEFT JOIN pg_attribute a ON a.attrelid = format('regress_app.%I', d.table_name)::regclass AND a.attname = d.column_name
    WHERE format_type(a.atttypid, NULL) IS DISTINCT FROM format_type(y.created_as::regtype, NULL) OR a.attnotnull <> (d.not_null AND NOT d.may_be_unknown)
$$, 'the columns of created tables are as declared');
SELECT is_empty($$
    SELECT d.table_name, d.column_name FROM btwin.domain_column d JOIN btwin.domain_type y ON y.type_class = d.type_class
    LEFT JOIN pg_attribute a ON a.attrelid = format('btwin.%I', d.table_name)::regclass AND a.attname = d.column_name
    WHERE NOT d.secret AND (format_type(a.atttypid, NULL) IS DISTINCT FROM y.shown_as OR col_description(a.attrelid, a.attnum) IS NULL)
$$, 'adapter views show every column, as its type, with a comment');
SELECT is_empty($$ SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'btwin' AND column_name ~ 'token' $$,
    'tokens are shown by nothing in btwin');
SELECT is_empty($$ SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'btwin'::regnamespace AND c.relkind = 'v'
                   AND NOT c.reloptions @> '{security_invoker=true}' $$, 'all views are security_invoker');
SELECT is_empty($$ SELECT p.oid::regprocedure FROM pg_proc p WHERE p.pronamespace = 'btwin'::regnamespace AND p.proname IN (SELECT table_name || '_window' FROM btwin.domain_table)
                   AND (p.prolang <> (SELECT oid FROM pg_language WHERE lanname = 'sql') OR p.provolatile <> 's' OR p.proisstrict OR p.prosecdef
                        OR p.proconfig IS NOT NULL OR p.prosqlbody IS NOT NULL OR p.proparallel <> 's' OR obj_description(p.oid, 'pg_proc') IS NULL) $$,
    'window functions can be inlined, and have a comment');
SELECT is_empty($$ SELECT d.objid::regclass FROM pg_depend d
                   WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e' AND d.classid = 'pg_class'::regclass
                     AND d.objid IN (SELECT format('btwin.%I', object_name)::regclass FROM btwin.attached_object WHERE kind = 'view') $$,
    'what attach made is no member of the extension');

-- keys, defaults, checks: one row each of what is refused
INSERT INTO regress_app.users (email) VALUES ('a@example.org');
SELECT matches(id, '^c[a-z0-9]{24}$', 'a key has the form of the client''s keys') FROM regress_app.users;
INSERT INTO regress_app.users (id) VALUES ('u1'), ('u2');
SELECT throws_ok($$ INSERT INTO regress_app.users (email) VALUES ('a@example.org') $$, '23505', NULL, 'an address is unique');
SELECT throws_ok($$ INSERT INTO regress_app.behavioral_events (user_id, event_type, event_data) VALUES ('nobody', 'GRAPH_VIEWED', '{}') $$, '23503', NULL, 'an event needs its learner');
SELECT throws_ok($$ INSERT INTO regress_app.behavioral_events (user_id, event_type, event_data) VALUES ('u1', 'graph_viewed', '{}') $$, '23514', NULL, 'an unknown event type is refused');
SELECT throws_ok($$ INSERT INTO regress_app.behavioral_events (user_id, event_type, event_data, time_of_day) VALUES ('u1', 'GRAPH_VIEWED', '{}', 24) $$, '23514', NULL, 'hour 24 is refused');
SELECT lives_ok($$ INSERT INTO regress_app.behavioral_events (user_id, event_type, event_data, time_of_day, day_of_week) VALUES ('u1', 'GRAPH_VIEWED', '{}', 23, 6) $$, 'hour 23 of day 6 is not');
SELECT throws_ok($$ INSERT INTO regress_app.behavioral_events (user_id, event_type, event_data, timestamp) VALUES ('u1', 'GRAPH_VIEWED', '{}', 'infinity') $$, '23514', NULL, 'an infinite time is refused');
SELECT throws_ok($$ INSERT INTO regress_app.cognitive_load_metrics (user_id, load_score, stress_indicators, confidence_level) VALUES ('u1', 100.5, '[]', 0.5) $$, '23514', NULL, 'a load of 100.5 is refused');
SELECT throws_ok($$ INSERT INTO regress_app.cognitive_load_metrics (user_id, load_score, stress_indicators, confidence_level) VALUES ('u1', 'NaN', '[]', 0.5) $$, '23514', NULL, 'NaN is refused in a range');
SELECT throws_ok($$ INSERT INTO regress_app.personalization_effectiveness (user_id, config_id, start_date, end_date, sample_size, composite_score, engagement_change)
                    VALUES ('u1', 'x', now(), now(), 1, 1, 'NaN') $$, '23514', NULL, 'NaN is refused without a range');
SELECT throws_ok($$ INSERT INTO regress_app.personalization_effectiveness (user_id, config_id, start_date, end_date, sample_size, composite_score, engagement_change)
                    VALUES ('u1', 'x', now(), now(), 1, 1, 'Infinity') $$, '23514', NULL, 'so is infinity');
SELECT throws_ok($$ INSERT INTO regress_app.personalization_effectiveness (user_id, config_id, start_date, end_date, sample_size, composite_score, engagement_change)
                    VALUES ('u1', 'x', now(), now(), 1, 1, '-Infinity') $$, '23514', NULL, 'of either sign');
SELECT throws_ok($$ INSERT INTO regress_app.study_sessions (user_id, duration_ms) VALUES ('u1', -1) $$, '23514', NULL, 'a negative duration is refused');
SELECT throws_ok($$ INSERT INTO regress_app.mission_feedback (user_id, mission_id, helpfulness_rating, relevance_score, pace_rating) VALUES ('u1', 'x', 6, 1, 'TOO_FAST') $$, '23514', NULL, 'a rating of 6 is refused');
SELECT throws_ok($$ INSERT INTO regress_app.prediction_feedback (user_id, prediction_id, feedback_type, actual_struggle, comments) VALUES ('u1', 'x', 'HELPFUL', true, repeat('x', 1001)) $$, '23514', NULL, 'a comment of 1001 characters is refused');

SELECT results_eq($$ INSERT INTO regress_app.missions (id, user_id, objectives) VALUES ('unknown', 'u1', '[]') RETURNING estimated_minutes $$, ARRAY[NULL::int], 'what a log does not know stays NULL');

-- deleting a learner leaves nothing behind
INSERT INTO regress_app.courses (id, user_id, name) VALUES ('co', 'u1', 'Anatomy');
INSERT INTO regress_app.lectures (id, user_id, course_id, title, file_name, file_url, file_size) VALUES ('le', 'u1', 'co', 't', 'f', 'u', 1);
INSERT INTO regress_app.learning_objectives (id, lecture_id, objective, extracted_by) VALUES ('ob', 'le', 'o', 'm'), ('ob2', 'le', 'o', 'm');
INSERT INTO regress_app.objective_prerequisites (objective_id, prerequisite_id) VALUES ('ob2', 'ob');
INSERT INTO regress_app.missions (id, user_id, estimated_minutes, objectives) VALUES ('mi', 'u1', 30, '[]');
INSERT INTO regress_app.mission_feedback (user_id, mission_id, helpfulness_rating, relevance_score, pace_rating) VALUES ('u1', 'mi', 5, 1, 'TOO_FAST');
INSERT INTO regress_app.cards (id, course_id, lecture_id, objective_id, front, back) VALUES ('ca', 'co', 'le', 'ob', 'f', 'b');
INSERT INTO regress_app.study_sessions (id, user_id, mission_id) VALUES ('se', 'u1', 'mi');
INSERT INTO regress_app.reviews (user_id, card_id, session_id, rating, time_spent_ms, difficulty_before, stability_before, difficulty_after, stability_after)
VALUES ('u1', 'ca', 'se', 'GOOD', 1, 0, 0, 0, 0);
INSERT INTO regress_app.struggle_predictions (id, user_id, learning_objective_id, predicted_struggle_probability, prediction_confidence, struggling_factors) VALUES ('pr', 'u1', 'ob', 0.5, 0.5, '{}');
INSERT INTO regress_app.behavioral_insights (id, user_id, insight_type, title, description, actionable_recommendation, confidence) VALUES ('in', 'u1', 'RETENTION_STRATEGY', 't', 'd', 'a', 1);
INSERT INTO regress_app.behavioral_patterns (id, user_id, pattern_type, pattern_data, confidence) VALUES ('pa', 'u1', 'FORGETTING_CURVE', '{}', 1);
INSERT INTO regress_app.insight_patterns (insight_id, pattern_id) VALUES ('in', 'pa');
INSERT INTO regress_app.personalization_preferences (id, user_id) VALUES ('pp', 'u1');
INSERT INTO regress_app.personalization_configs (user_id, preferences_id, context, strategy_variant) VALUES ('u1', 'pp', 'SESSION', 'balanced');
INSERT INTO btwin.learner (user_id, time_zone) VALUES ('u1', 'Europe/Berlin');
SELECT is(btwin.learner_time_zone('u1'), 'Europe/Berlin', 'a learner has a time zone');
SELECT is(btwin.learner_time_zone('u2'), 'UTC', 'or the default');
SELECT is(btwin.learner_time_zone(NULL), 'UTC', 'or is unknown');
SELECT lives_ok($$ DELETE FROM regress_app.users WHERE id = 'u1' $$, 'a learner can be deleted');
SELECT is((SELECT sum((xpath('/row/n/text()', query_to_xml(format('SELECT count(*) AS n FROM regress_app.%I', t.table_name), false, true, '')))[1]::text::int)
           FROM btwin.domain_table t WHERE t.table_name <> 'users'), 0::bigint, 'all rows of the learner are gone');
SELECT is_empty('SELECT * FROM btwin.learner', 'the settings as well');

-- time zones
SELECT throws_ok($$ INSERT INTO btwin.learner (user_id, time_zone) VALUES ('u2', 'Europe/Berln') $$, '22023', 'time zone "Europe/Berln" not recognized', 'a typing error is no time zone');
SELECT throws_ok($$ INSERT INTO btwin.learner (user_id, time_zone) VALUES ('u2', 'Foo3') $$, '23514', NULL, 'a POSIX rule is none');
SELECT throws_ok($$ INSERT INTO btwin.learner (user_id, time_zone) VALUES ('u2', 'EST') $$, '23514', NULL, 'an abbreviation is none');
SELECT throws_ok($$ INSERT INTO btwin.learner (user_id, time_zone) VALUES ('u2', '+05:30') $$, '23514', NULL, 'an offset is none');
SELECT lives_ok($$ INSERT INTO btwin.learner (user_id, time_zone) VALUES ('u2', 'America/Port-au-Prince') $$, 'a name with hyphens is one');
SELECT lives_ok($$ UPDATE btwin.learner SET time_zone = 'America/Argentina/Buenos_Aires' $$, 'one in three parts is one');
SELECT lives_ok($$ UPDATE btwin.learner SET time_zone = 'Etc/GMT+12' $$, 'a fixed one of the Etc area is one');
SELECT lives_ok($$ UPDATE btwin.learner SET time_zone = NULL $$, 'none is the default');
SELECT throws_ok($$ SELECT * FROM btwin.attach('regress_app', default_time_zone => 'Mars/Olympus') $$, '22023', 'time zone "Mars/Olympus" is not known', 'attach refuses an unknown zone');
SELECT throws_ok($$ SELECT * FROM btwin.attach('regress_app', default_time_zone => 'CEST') $$, '22023', 'time zone "CEST" is not known', 'and an abbreviation');
SELECT results_eq($$ SELECT object, action, detail FROM btwin.attach('regress_app', default_time_zone => 'Asia/Tokyo') WHERE action <> 'found' $$,
    $$ VALUES ('btwin.attachment', 'changed', 'schema regress_app, default time zone Asia/Tokyo (was UTC)') $$, 'the default can be changed');
SELECT is(btwin.learner_time_zone('u2'), 'Asia/Tokyo', 'and counts');
SELECT is_empty($$ SELECT * FROM btwin.attach('regress_app') WHERE action <> 'found' $$, 'left out, it stays');

-- the index catalog
SELECT is((SELECT count(*) FROM btwin.index_catalog WHERE present AND created_by_attach AND served_by = index_name AND size_bytes > 0 AND scans IS NOT NULL), 49::bigint,
    'the index catalog knows 49 indexes');
SELECT matches(note, 'never reads this column', 'index 10 is marked') FROM btwin.index_catalog WHERE number = 10;
SELECT matches(note, 'never reads this column', 'index 11 is marked') FROM btwin.index_catalog WHERE number = 11;
SELECT is(claim, '94 %', 'the claim of the report') FROM btwin.index_catalog WHERE number = 5;
SELECT is(columns, '(user_id, reviewed_at DESC) include (rating, stability_after)', 'columns and what they carry') FROM btwin.index_catalog WHERE number = 27;

-- arguments
SELECT throws_ok('SELECT * FROM btwin.attach(NULL)', '22004', 'argument "schema_name" must not be null', 'no schema');
SELECT throws_ok('SELECT * FROM btwin.attach(create_indexes => NULL)', '22004', 'argument "create_indexes" must not be null', 'no answer on indexes');

-- without a key that it could refer to, a foreign key is left out, and the report says which one
ALTER TABLE regress_app.users DROP CONSTRAINT users_pkey CASCADE;
DROP VIEW btwin.exams CASCADE;
DROP TABLE regress_app.exams;
SELECT results_eq($$ SELECT action, detail FROM btwin.attach('regress_app') WHERE object = 'regress_app.exams' $$,
    $$ VALUES ('created', 'table, 8 columns; without foreign key, the table referred to has no unique key on id: user_id to users') $$, 'a foreign key that is left out is named');

SELECT * FROM finish();
ROLLBACK;
