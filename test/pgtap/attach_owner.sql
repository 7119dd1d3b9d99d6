-- Whose it is: everything attach makes belongs to one role, whoever calls.
BEGIN;
SET LOCAL client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS btwin;
\ir ../data/adoption_helpers.sql
SELECT plan(26);
CREATE ROLE regress_owner;
CREATE ROLE regress_events_owner;
CREATE ROLE regress_reader;

CREATE FUNCTION pg_temp.owners() RETURNS SETOF text LANGUAGE plpgsql AS $$ BEGIN RETURN QUERY
    SELECT DISTINCT pg_get_userbyid(c.relowner)::text COLLATE "default"
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE (n.nspname = 'regress_app' OR c.oid IN (SELECT to_regclass(format('btwin.%I', o.object_name)) FROM btwin.attached_object o WHERE o.kind = 'view')
           OR c.oid IN ('btwin.attachment'::regclass, 'btwin.attached_object'::regclass, 'btwin.learner'::regclass))
    UNION
    SELECT pg_get_userbyid(p.proowner)::text FROM pg_proc p WHERE p.pronamespace = 'btwin'::regnamespace AND p.proname LIKE '%\_window' AND p.prolang = 14
    ORDER BY 1;
END $$;

-- An ordinary owner, once allowed into btwin, does it alone
CREATE SCHEMA regress_app AUTHORIZATION regress_owner;
GRANT USAGE, CREATE ON SCHEMA btwin TO regress_owner;
SET LOCAL ROLE regress_owner;
ALTER DEFAULT PRIVILEGES IN SCHEMA regress_app GRANT SELECT ON TABLES TO regress_reader;
CREATE TEMP TABLE first_call AS SELECT * FROM btwin.attach('regress_app');
SELECT is((SELECT count(*) FROM first_call WHERE action = 'created'), 227::bigint, 'an ordinary owner attaches');
SELECT is(current_user, 'regress_owner', 'and stays itself');
SELECT is_empty($$ SELECT * FROM btwin.attach('regress_app') WHERE action <> 'found' $$, 'a second call finds all');
-- row security that binds even the owner must not make its learners look like strangers
INSERT INTO regress_app.users (id) VALUES ('u1');
INSERT INTO btwin.learner (user_id) VALUES ('u1');
ALTER TABLE regress_app.users ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
SELECT is_empty($$ SELECT * FROM btwin.attach('regress_app') WHERE action <> 'found' $$, 'a third call under forced row security finds all');
RESET ROLE;
SELECT results_eq('SELECT pg_temp.owners()', ARRAY['regress_owner'], 'everything belongs to it');
SELECT ok(has_table_privilege('regress_reader', 'regress_app.reviews', 'SELECT'), 'its default privileges hold for created tables');
SELECT ok(NOT has_schema_privilege('regress_reader', 'btwin', 'CREATE') AND NOT has_schema_privilege('regress_reader', 'btwin', 'USAGE'), 'nobody else may use or create in btwin');
SELECT is_empty($$ SELECT * FROM btwin.attach('regress_app') WHERE action <> 'found' $$, 'a superuser finds all as well');
SET LOCAL ROLE regress_reader;
SELECT throws_ok('SELECT * FROM btwin.detach()', '42501', NULL, 'a stranger does not detach');
SET LOCAL ROLE regress_owner;
SELECT is((SELECT count(*) FROM btwin.detach() WHERE action = 'dropped'), 190::bigint, 'the owner does: 44 views, 41 functions, 49 indexes, 29 triggers, 27 relations of BI');
SELECT is((SELECT count(*) FROM btwin.attach('regress_app') WHERE action IN ('created', 'changed')), 158::bigint, 'and attaches again');
SELECT lives_ok('SELECT btwin.detach(drop_data => true)', 'and goes');
RESET ROLE;
DROP SCHEMA regress_app CASCADE;
REVOKE ALL ON SCHEMA btwin FROM regress_owner;

-- A superuser attaches the tables of an ordinary owner
CREATE SCHEMA regress_app AUTHORIZATION regress_owner;
SET LOCAL ROLE regress_owner;
SET LOCAL search_path = regress_app;
\ir ../data/adoption_fixture.sql
RESET search_path;
RESET ROLE;
SELECT results_eq($$ SELECT kind, action, detail FROM btwin.attach('regress_app') LIMIT 1 $$,
    $$ VALUES ('schema', 'granted', 'role regress_owner makes and uses objects in it') $$, 'the owner of the tables gets its place in btwin');
SELECT results_eq('SELECT pg_temp.owners()', ARRAY['regress_owner'], 'everything belongs to the owner of the tables');
SELECT is(current_user::text, session_user::text, 'the superuser is itself again');
SELECT is((SELECT pg_get_userbyid(relowner)::text FROM pg_class WHERE oid = 'regress_app.btwin_reviews_reviewed'::regclass), 'regress_owner', 'indexes too');
SELECT lives_ok('SELECT btwin.detach(drop_data => true)', 'detach');

-- Several owners and a named one
GRANT USAGE, CREATE ON SCHEMA regress_app TO regress_events_owner;
ALTER TABLE regress_app.behavioral_events OWNER TO regress_events_owner;
ALTER TABLE regress_app.users OWNER TO regress_events_owner;
ALTER TABLE regress_app.struggle_predictions OWNER TO regress_events_owner;
DROP TABLE regress_app.prediction_feedback;
SELECT is((SELECT count(*) FROM btwin.attach('regress_app', owner => 'regress_owner') WHERE kind = 'index' AND action = 'created'), 31::bigint, 'several owners with a named one');
SELECT results_eq($$ SELECT DISTINCT pg_get_userbyid(c.relowner)::text COLLATE "default" FROM pg_class c
    WHERE c.relkind = 'v' AND c.oid IN (SELECT to_regclass(format('btwin.%I', o.object_name)) FROM btwin.attached_object o WHERE o.kind = 'view') $$,
    ARRAY['regress_owner'], 'what is made in btwin belongs to the named one');
SELECT ok(EXISTS (SELECT FROM pg_constraint WHERE conrelid = 'regress_app.prediction_feedback'::regclass AND confrelid = 'regress_app.struggle_predictions'::regclass),
    'created tables may refer to tables of another owner');
SELECT ok(has_table_privilege('regress_owner', 'regress_app.users', 'REFERENCES') AND NOT has_table_privilege('regress_owner', 'regress_app.users', 'SELECT'),
    'by the right to refer and no other');
SELECT ok(has_table_privilege('regress_owner', 'regress_app.struggle_predictions', 'REFERENCES') AND NOT has_table_privilege('regress_owner', 'regress_app.struggle_predictions', 'SELECT'),
    'on the other table neither');
SELECT is((SELECT pg_get_userbyid(relowner)::text FROM pg_class WHERE oid = 'regress_app.btwin_behavioral_events_time'::regclass), 'regress_events_owner', 'an index belongs to the owner of its table');
SET LOCAL ROLE regress_owner;
SELECT throws_ok($$ SELECT * FROM btwin.attach('regress_app', owner => 'regress_owner') $$, '42501', NULL, 'one of several owners alone may not attach');
RESET ROLE;
SELECT is((SELECT count(*) FROM btwin.detach() WHERE kind = 'index' AND action = 'dropped'), 31::bigint, 'detach drops the indexes of all');

-- The next attach for another owner takes over what was left
ALTER TABLE regress_app.behavioral_events OWNER TO regress_owner;
SELECT lives_ok($$ SELECT btwin.attach('regress_app', owner => 'regress_events_owner') $$, 'another owner after detach');

SELECT * FROM finish();
ROLLBACK;
