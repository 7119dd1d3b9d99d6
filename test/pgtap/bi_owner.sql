-- Whose the BI views are: made, refreshed and read without a superuser.
\set QUIET on
SET client_min_messages = error;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS btwin;
SELECT plan(22);
CREATE ROLE regress_bi_owner;
CREATE ROLE regress_bi_tool;
CREATE ROLE regress_bi_stranger;
CREATE SCHEMA regress_app AUTHORIZATION regress_bi_owner;
GRANT USAGE, CREATE ON SCHEMA btwin TO regress_bi_owner;

-- btwin_bi is not open to the owner of the tables, and nobody who calls could open it
SET SESSION AUTHORIZATION regress_bi_owner;
-- rights given by default must not reach rows of learners
ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC, regress_bi_stranger;
SELECT results_eq($$SELECT object, action, detail FROM btwin.attach('regress_app') WHERE kind = 'bi'$$,
    $$VALUES ('btwin_bi', 'missing', 'no BI views: the owner of the extension must first run GRANT USAGE, CREATE ON SCHEMA btwin_bi TO regress_bi_owner')$$, 'without the right to, attach leaves the BI views out and says why');
SELECT throws_ok('SELECT * FROM btwin.refresh_bi()', '55000', NULL, 'there is nothing to refresh');
SELECT lives_ok('SELECT * FROM btwin.detach()', 'nor to detach');
RESET SESSION AUTHORIZATION;
GRANT USAGE, CREATE ON SCHEMA btwin_bi TO regress_bi_owner;
SET SESSION AUTHORIZATION regress_bi_owner;
SELECT is((SELECT count(*) FROM btwin.attach('regress_app') WHERE kind = 'bi' AND action = 'created' AND detail NOT LIKE 'not filled%'), 15::bigint, 'with it an ordinary owner makes and fills them');
SELECT is_empty($$SELECT object, action FROM btwin.attach('regress_app') WHERE action <> 'found'$$, 'a second attach finds them');
INSERT INTO regress_app.users (id) SELECT 'u' || g FROM generate_series(1, 10) g;
INSERT INTO regress_app.study_sessions (id, user_id, started_at, duration_ms) SELECT 's' || g, 'u' || g, '2024-03-05 10:00Z', 1800000 FROM generate_series(1, 10) g;
SET btwin.bi_as_of = '2024-03-11 12:00Z';
SELECT results_eq('SELECT action, count(*) FROM btwin.refresh_bi() GROUP BY 1', $$VALUES ('refreshed', 12::bigint)$$, 'and refreshes them');
SELECT is((SELECT n_learners FROM btwin_bi.daily_activity), 10::bigint, 'ten learners');
RESET SESSION AUTHORIZATION;

SELECT results_eq($$SELECT DISTINCT pg_get_userbyid(c.relowner)::text COLLATE "default" FROM pg_class c WHERE c.relnamespace = 'btwin_bi'::regnamespace OR c.relnamespace = 'btwin'::regnamespace AND (c.relkind = 'm' OR c.relname = 'bi_refresh')$$,
    $$VALUES ('regress_bi_owner')$$, 'all is the owner''s');
SELECT set_eq($$SELECT c.relname::text COLLATE "default" FROM pg_class c, aclexplode(c.relacl) a WHERE c.relnamespace IN ('btwin_bi'::regnamespace, 'btwin'::regnamespace) AND c.relkind IN ('v', 'm') AND c.relname ~ '^(bi_|learner_)' AND a.grantee <> c.relowner$$,
    '{}'::text[], 'nobody else gets at rows of learners or at materialized views, whatever default privileges say');

-- a superuser who calls works as the owner: nothing that the owner may not do
SELECT results_eq('SELECT action, count(*) FROM btwin.refresh_bi() GROUP BY 1', $$VALUES ('refreshed', 12::bigint)$$, 'a superuser refreshes as the owner');
SELECT is(current_user, session_user, 'and stays itself');
SET ROLE regress_bi_stranger;
SELECT throws_ok('SELECT * FROM btwin.refresh_bi()', '42501', NULL, 'a stranger may not');
RESET ROLE;

-- A tool sees what it was granted, and no schema but btwin_bi
GRANT USAGE ON SCHEMA btwin_bi TO regress_bi_tool;
REVOKE SELECT ON ALL TABLES IN SCHEMA btwin_bi FROM PUBLIC;
GRANT SELECT ON btwin_bi.daily_activity, btwin_bi.catalog, btwin_bi.statement_latency, btwin_bi.calendar TO regress_bi_tool;
SET SESSION AUTHORIZATION regress_bi_tool;
SELECT is((SELECT n_learners FROM btwin_bi.daily_activity), 10::bigint, 'a tool reads a cohort');
SELECT is((SELECT count(*) FROM btwin_bi.catalog WHERE view_name = 'catalog'), 18::bigint, 'and the catalog');
SELECT lives_ok('SELECT * FROM btwin_bi.statement_latency', 'and latencies');
SELECT throws_ok('SELECT * FROM btwin_bi.learner_day', '42501', NULL, 'no rows of learners');
SELECT throws_ok('SELECT * FROM btwin.bi_daily_activity', '42501', NULL, 'nor what lies below');
-- the reader's own setting changes nothing
SET btwin.min_cohort = 1;
SELECT is((SELECT count(*) FROM btwin_bi.daily_activity), 1::bigint, 'a reader cannot lower the size of groups');
RESET btwin.min_cohort;
RESET SESSION AUTHORIZATION;
GRANT SELECT ON btwin_bi.learner_day TO regress_bi_tool;
SET SESSION AUTHORIZATION regress_bi_tool;
SELECT is((SELECT count(*) FROM btwin_bi.learner_day), 10::bigint, 'a role named for it reads rows of learners, without a right on the tables');
RESET SESSION AUTHORIZATION;

-- Row security that binds the owner: an error, not a smaller number
ALTER TABLE regress_app.study_sessions ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
SET SESSION AUTHORIZATION regress_bi_owner;
SELECT results_eq($$SELECT view_name, detail FROM btwin.refresh_bi() WHERE action = 'failed' ORDER BY 1 LIMIT 1 OFFSET 1$$,
    $$VALUES ('learner_day', 'query would be affected by row-level security policy for table "study_sessions" (SQLSTATE 42501)')$$, 'policies that hide rows from the owner fail the view');
SELECT is((SELECT n_learners FROM btwin_bi.daily_activity), 10::bigint, 'what was there stays');
SELECT throws_ok('REFRESH MATERIALIZED VIEW btwin.bi_learner_day', '42501', NULL, 'by hand too');
SELECT count(*) FROM btwin.detach(drop_derived => true, drop_data => true) \g /dev/null
RESET SESSION AUTHORIZATION;
SELECT * FROM finish();
DROP OWNED BY regress_bi_owner, regress_bi_tool, regress_bi_stranger;
DROP ROLE regress_bi_owner, regress_bi_tool, regress_bi_stranger;
