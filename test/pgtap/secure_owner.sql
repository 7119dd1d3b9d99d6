-- btwin.secure where tables, extension and refreshes belong to several roles, and
-- what is left of it after detach and without btwin.
BEGIN;
SET LOCAL client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS btwin;
SELECT plan(34);
CREATE ROLE regress_owner;
CREATE ROLE regress_events_owner;
CREATE ROLE regress_web;
CREATE ROLE regress_service;
CREATE ROLE regress_refresher;
CREATE FUNCTION pg_temp.ask(role_name text, learner text, statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    answer text;
BEGIN
    BEGIN
        PERFORM set_config('app.current_user_id', coalesce(learner, ''), true), set_config('role', role_name, true);
        EXECUTE statement INTO answer;
        RAISE EXCEPTION USING ERRCODE = 'UNDO0';
    EXCEPTION WHEN OTHERS THEN
        RETURN CASE SQLSTATE WHEN 'UNDO0' THEN answer ELSE SQLSTATE END;
    END;
END $$;

-- An ordinary owner does what is the owner's, and says what is not
CREATE SCHEMA regress_app AUTHORIZATION regress_owner;
GRANT USAGE, CREATE ON SCHEMA btwin TO regress_owner;
GRANT USAGE, CREATE ON SCHEMA btwin_bi TO regress_owner;
-- (as a session of that role; within one of a superuser, secure could do all)
CREATE FUNCTION btwin_api.regress_one() RETURNS int LANGUAGE sql STABLE AS 'SELECT 1';
REVOKE EXECUTE ON FUNCTION btwin_api.regress_one() FROM PUBLIC;
SET SESSION AUTHORIZATION regress_owner;
CREATE TEMP TABLE attached AS SELECT * FROM btwin.attach('regress_app');
CREATE TEMP TABLE done AS SELECT * FROM btwin.secure('regress_web', 'regress_service');
GRANT SELECT ON done TO PUBLIC;
SELECT is((SELECT count(*) FROM done WHERE kind = 'row security' AND action <> 'enabled'), 0::bigint, 'an ordinary owner secures every table');
SELECT is((SELECT string_agg(statement, '; ' ORDER BY statement) FROM done WHERE action = 'missing' AND statement ~ '(SCHEMA|regress_one).* TO regress_web$'),
          'GRANT EXECUTE ON ROUTINE btwin_api.regress_one() TO regress_web; GRANT USAGE ON SCHEMA btwin TO regress_web; GRANT USAGE ON SCHEMA btwin_api TO regress_web', 'and says what the owner of the extension has to run');
SELECT is((SELECT string_agg(DISTINCT action, ' ' ORDER BY action) FROM btwin.secure()), 'found missing', 'until that is done');
RESET SESSION AUTHORIZATION;
SELECT is((SELECT string_agg(DISTINCT action, ' ' ORDER BY action) FROM btwin.secure()), 'found granted', 'a superuser does it');
SET SESSION AUTHORIZATION regress_owner;
SELECT is((SELECT string_agg(DISTINCT action, ' ') FROM btwin.secure()), 'found', 'then the owner finds all');
RESET SESSION AUTHORIZATION;
SELECT is((SELECT array_agg(DISTINCT pg_get_userbyid(c.relowner)::text) FROM pg_class c WHERE c.oid = 'btwin.access_grant'::regclass), '{regress_owner}', 'what is made belongs to the owner, whoever calls');

-- Rows of two learners, read by one
INSERT INTO regress_app.users (id) VALUES ('u1'), ('u2');
INSERT INTO regress_app.missions (id, user_id, date, estimated_minutes, objectives) SELECT 'm' || u, u, '2026-01-01', 30, '[]' FROM unnest('{u1,u2}'::text[]) u;
SELECT is(pg_temp.ask('regress_web', 'u1', 'SELECT string_agg(id, '' '') FROM btwin.missions'), 'mu1', 'a learner');

-- detach and attach stand around a migration: policies stay, rights come back
CREATE TEMP TABLE gone AS SELECT * FROM btwin.detach();
SELECT is((SELECT count(*) FROM gone WHERE kind = 'policy' AND action = 'kept'), (SELECT count(*) FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid WHERE c.relnamespace = 'regress_app'::regnamespace), 'detach says that policies stay');
SELECT is(pg_temp.ask('regress_web', 'u1', 'SELECT string_agg(id, '' '') FROM regress_app.missions'), 'mu1', 'a learner still reads what is hers, and that only');
SELECT is(pg_temp.ask('regress_web', 'u1', 'SELECT * FROM btwin.missions'), '42P01', 'not through views');
CREATE TEMP TABLE back AS SELECT * FROM btwin.attach('regress_app');
SELECT is(pg_temp.ask('regress_web', 'u1', 'SELECT string_agg(id, '' '') FROM btwin.missions'), 'mu1', 'after attach through views too');
SELECT is(pg_temp.ask('regress_web', 'u1', $$SELECT string_agg(id, ' ') FROM btwin.missions_window('u1', '2026-01-01', '2026-01-02')$$), 'mu1', 'and windows');
SELECT is_empty('SELECT * FROM btwin.secure() WHERE action <> ''found''', 'nothing is left to do');
SELECT is_empty($$SELECT p.oid::regprocedure FROM pg_proc p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a WHERE a.grantee = 0 AND p.pronamespace = 'btwin'::regnamespace AND p.prosecdef$$,
                'trigger functions made anew are nobody''s');
-- the role is gone: attach says so and does the rest
CREATE TEMP TABLE gone2 AS SELECT * FROM btwin.detach();
UPDATE btwin.access SET bi_role = 'regress_forgotten';
SELECT results_eq($$SELECT action, detail FROM btwin.attach('regress_app') WHERE action = 'missing'$$, $$VALUES ('missing', 'not secured as before: role "regress_forgotten" does not exist')$$, 'a recorded role that is gone does not stop attach');
UPDATE btwin.access SET bi_role = NULL;
SELECT is((SELECT string_agg(DISTINCT action, ' ' ORDER BY action) FROM btwin.secure()), 'found granted revoked', 'secure does it afterwards');

-- A table of another owner: row security would stop refreshes by the owner of the rest
ALTER TABLE regress_app.behavioral_events OWNER TO regress_events_owner;
GRANT USAGE, CREATE ON SCHEMA regress_app TO regress_events_owner;
GRANT SELECT ON regress_app.behavioral_events TO regress_owner;
ALTER TABLE regress_app.behavioral_events DISABLE ROW LEVEL SECURITY;
SET SESSION AUTHORIZATION regress_owner;
SELECT throws_ok('SELECT * FROM btwin.secure()', '42501', NULL, 'an owner secures nothing of another owner''s');
RESET SESSION AUTHORIZATION;
SELECT results_eq($$SELECT kind, action, statement FROM btwin.secure() WHERE object = 'regress_app.behavioral_events' AND action = 'missing'$$,
                  $$VALUES ('row security', 'missing', 'GRANT regress_events_owner TO regress_owner')$$, 'row security stays off where it would stop the refresh');
SELECT is(pg_temp.ask('regress_web', 'u1', 'SELECT count(*) FROM regress_app.behavioral_events'), '42501', 'and learners lose their rights there');
SELECT is(pg_temp.ask('regress_service', NULL, 'SELECT count(*) FROM regress_app.behavioral_events'), '0', 'services do not');
SELECT is((SELECT string_agg(DISTINCT action, ' ') FROM btwin.secure() WHERE kind = 'row security' AND object <> 'regress_app.behavioral_events'), 'found', 'the other tables are guarded');
GRANT regress_events_owner TO regress_owner;
SELECT results_eq($$SELECT kind, action FROM btwin.secure() WHERE object = 'regress_app.behavioral_events' AND action NOT IN ('found', 'granted') ORDER BY 1$$,
                  $$VALUES ('policy', 'created'), ('policy', 'created'), ('row security', 'enabled')$$, 'with the rights of its owner it is secured');
SELECT is(pg_temp.ask('regress_owner', NULL, 'SELECT btwin.refresh_now() ~ ''^done'''), 'true', 'and refreshed');
SELECT is((SELECT array_agg(DISTINCT has_function_privilege('regress_events_owner', p.oid, 'EXECUTE')) FROM pg_proc p WHERE p.oid = 'btwin._note_behavioral_events()'::regprocedure), '{t}', 'its owner may make partitions with the trigger');

-- Who refreshes without owning
GRANT USAGE ON SCHEMA btwin, regress_app TO regress_refresher;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA btwin TO regress_refresher;
SELECT results_eq($$SELECT object, kind, statement FROM btwin.secure() WHERE action = 'missing'$$, $$VALUES ('regress_refresher', 'role', 'ALTER ROLE regress_refresher BYPASSRLS')$$, 'a role that can refresh no more is named');
SELECT is(pg_temp.ask('regress_refresher', NULL, 'SELECT btwin.refresh_now()'), '42501', 'its refresh fails, and stores nothing');
ALTER ROLE regress_refresher BYPASSRLS;
SELECT is_empty($$SELECT * FROM btwin.secure() WHERE action = 'missing'$$, 'until it passes row security');

-- A partition that learners may read by itself
ALTER TABLE regress_app.exams RENAME TO exams_old;
CREATE TABLE regress_app.exams_all (LIKE regress_app.exams_old INCLUDING DEFAULTS) PARTITION BY RANGE (date);
CREATE TABLE regress_app.exams_2026 PARTITION OF regress_app.exams_all FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
CREATE TEMP TABLE gone3 AS SELECT * FROM btwin.detach();
DROP TABLE regress_app.exams_old CASCADE;
ALTER TABLE regress_app.exams_all RENAME TO exams;
ALTER TABLE regress_app.exams OWNER TO regress_owner;
ALTER TABLE regress_app.exams_2026 OWNER TO regress_owner;
INSERT INTO regress_app.exams (id, user_id, name, date, course_id) VALUES ('e1', 'u1', 'n', '2026-02-02', 'c'), ('e2', 'u2', 'n', '2026-02-02', 'c');
GRANT SELECT ON regress_app.exams_2026 TO regress_web;
CREATE TEMP TABLE back3 AS SELECT * FROM btwin.attach('regress_app', owner => 'regress_owner');
SELECT is(pg_temp.ask('regress_web', 'u2', 'SELECT string_agg(id, '' '') FROM btwin.exams'), 'e2', 'a partitioned table');
SELECT is(pg_temp.ask('regress_web', 'u2', 'SELECT string_agg(id, '' '') FROM regress_app.exams_2026'), 'e2', 'and its partition by itself');

-- Without btwin
GRANT SELECT ON regress_app.missions TO regress_refresher;
SELECT lives_ok('SELECT * FROM btwin.detach(drop_derived => true, drop_data => true)', 'detach');
SELECT is(to_regclass('btwin.access_grant'), NULL, 'drops what is known of rights');
SELECT lives_ok('DROP EXTENSION btwin CASCADE', 'no policy needs the extension');
SELECT is((SELECT array_agg(r || ' ' || pg_temp.ask(r, 'u1', 'SELECT string_agg(id, '' '' ORDER BY id) FROM regress_app.missions') ORDER BY r) FROM unnest('{regress_owner,regress_service,regress_web}'::text[]) r),
          '{"regress_owner mu1 mu2","regress_service mu1 mu2","regress_web mu1"}', 'without it everybody sees what they saw');
SELECT is(pg_temp.ask('regress_web', 'u2', 'SELECT string_agg(id, '' '') FROM regress_app.missions'), 'mu2', 'every learner');
SELECT * FROM finish();
ROLLBACK;
