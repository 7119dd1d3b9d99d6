-- Who may see and call what: the roles of btwin.secure, its policies beside those of
-- the application, and what is left of it when btwin is gone.
BEGIN;
SET LOCAL client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS btwin;
\ir ../data/adoption_helpers.sql
SELECT plan(87);
CREATE ROLE regress_owner;
CREATE ROLE regress_web;
CREATE ROLE regress_web2;
CREATE ROLE regress_service;
CREATE ROLE regress_bi;
CREATE ROLE regress_reporter;
CREATE ROLE regress_group;
CREATE ROLE regress_stranger;
CREATE ROLE regress_bypass BYPASSRLS;
CREATE ROLE regress_member IN ROLE regress_owner;
GRANT regress_group TO regress_web;

-- Rights, policies and all the rest of the catalogs
CREATE FUNCTION pg_temp.state() RETURNS SETOF text LANGUAGE sql AS $$
    SELECT pg_temp.catalog_snapshot()
    UNION ALL
    SELECT format('policy %s %s %s %s %s %s', p.polrelid::regclass, p.polname, p.polcmd, p.polroles, pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid)) FROM pg_policy p
    UNION ALL
    SELECT format('row security %s %s %s', c.oid::regclass, c.relrowsecurity, c.relforcerowsecurity) FROM pg_class c WHERE c.relkind IN ('r', 'p') AND c.relpersistence = 'p'
    UNION ALL
    SELECT format('column right %s %s', a.attrelid::regclass, a.attacl) FROM pg_attribute a WHERE a.attacl IS NOT NULL
$$;
-- What a role with a claim is answered: one number, or the SQLSTATE
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
CREATE FUNCTION pg_temp.refused(statement text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE statement;
    RETURN 'accepted';
EXCEPTION WHEN OTHERS THEN
    RETURN SQLSTATE;
END $$;

SELECT is(pg_temp.refused($$SELECT * FROM btwin.secure('regress_web')$$), 'TW001', 'before attach');

-- An application with policies of its own, as far as it has come
CREATE SCHEMA regress_app AUTHORIZATION regress_owner;
GRANT USAGE, CREATE ON SCHEMA btwin TO regress_owner;
SET LOCAL ROLE regress_owner;
SET LOCAL search_path = regress_app;
\ir ../data/adoption_fixture.sql
\ir ../data/adoption_rows.sql
INSERT INTO exams ("id", "userId", "name", "date", "courseId", "updatedAt") VALUES ('ex1', 'u1', 'n', '2026-04-01', 'co1', '2026-01-01'), ('ex2', 'u2', 'n', '2026-04-01', 'co2', '2026-01-01');
INSERT INTO mission_streaks ("id", "userId") VALUES ('st1', 'u1'), ('st2', 'u2');
GRANT USAGE ON SCHEMA regress_app TO PUBLIC;
GRANT SELECT ON reviews TO regress_reporter;                    -- a role beside the learners
GRANT UPDATE ("rating") ON reviews TO regress_reporter;
GRANT SELECT ON missions TO regress_group;                      -- one that learners are members of
GRANT SELECT ON exams TO PUBLIC;                                -- everybody
ALTER TABLE courses ENABLE ROW LEVEL SECURITY;                  -- its policies decide
CREATE POLICY own_courses ON courses USING ("userId" = current_setting('app.current_user_id', true));
CREATE POLICY not_yet ON achievements USING (true);             -- a policy that does not hold yet
ALTER TABLE mission_streaks ENABLE ROW LEVEL SECURITY;          -- closed to all but the owner
ALTER TABLE mission_feedback ENABLE ROW LEVEL SECURITY;         -- a policy that opens nothing
CREATE POLICY narrow ON mission_feedback AS RESTRICTIVE USING ("helpfulnessRating" > 0);
ALTER TABLE lectures ENABLE ROW LEVEL SECURITY;                 -- policies for another role
CREATE POLICY reporters ON lectures TO regress_reporter USING (true);
RESET search_path;
CREATE TEMP TABLE attached AS SELECT * FROM btwin.attach('regress_app');
RESET ROLE;

-- What is refused
SELECT is(pg_temp.refused('SELECT * FROM btwin.secure()'), '22023', 'no role is named');
SELECT is(pg_temp.refused($$SELECT * FROM btwin.secure('regress_nobody')$$), '42704', 'a role that does not exist');
SELECT is(pg_temp.refused(format('SELECT * FROM btwin.secure(%L)', current_user)), '22023', 'a superuser is no learner');
SELECT is(pg_temp.refused($$SELECT * FROM btwin.secure('regress_bypass')$$), '22023', 'nor who passes row security');
SELECT is(pg_temp.refused($$SELECT * FROM btwin.secure('regress_owner')$$), '22023', 'nor the owner');
SELECT is(pg_temp.refused($$SELECT * FROM btwin.secure('regress_member')$$), '22023', 'nor who may become the owner');
SELECT is(pg_temp.refused($$SELECT * FROM btwin.secure('regress_web', 'regress_group')$$), '22023', 'nor who may become a service');
SELECT is(pg_temp.refused($$SELECT * FROM btwin.secure('regress_web', 'regress_web')$$), '22023', 'nor a service itself');
SELECT is(pg_temp.refused($$SELECT * FROM btwin.secure('regress_web', bi_role => 'regress_group')$$), '22023', 'nor who reads the rows of all');
SELECT is(pg_temp.refused($$SELECT * FROM btwin.secure('regress_web', dry_run => NULL)$$), '22004', 'dry_run is true or false');
SELECT is((SELECT array_agg(DISTINCT pg_temp.refused(format($q$SELECT * FROM btwin.secure('regress_web', claim_sources => %L)$q$, s))) FROM unnest('{"{}","{NULL}","{role}","{a.b->>}","{a.b->sub}","{a.b c}","{a.1b}","{.b}","{a.}","{a.b'')}","{a.b,}"}'::text[]) s),
          '{22023,22P02}', 'claim sources that are none');
SELECT is(pg_temp.ask('regress_stranger', NULL, $$SELECT count(*) FROM btwin.secure('regress_web')$$), '42501', 'a role that may not use btwin');
GRANT USAGE ON SCHEMA btwin TO regress_stranger;
SELECT is(pg_temp.ask('regress_stranger', NULL, $$SELECT count(*) FROM btwin.secure('regress_web')$$), '42501', 'a stranger secures nothing');
SELECT is(pg_temp.ask('regress_stranger', NULL, $$SELECT count(*) FROM btwin.secure('regress_web', dry_run => true)$$), '42501', 'and plans nothing');

-- dry_run does nothing and says what a call would do
CREATE TEMP TABLE state_before AS SELECT * FROM pg_temp.state();
CREATE TEMP TABLE planned AS SELECT * FROM btwin.secure('regress_web', 'regress_service', 'regress_bi', dry_run => true);
SELECT set_eq('SELECT * FROM pg_temp.state()', 'SELECT * FROM state_before', 'dry_run changes nothing');
CREATE TEMP TABLE done AS SELECT * FROM btwin.secure('regress_web', 'regress_service', 'regress_bi');
SELECT bag_eq('SELECT * FROM planned', 'SELECT * FROM done', 'and says exactly what is done');
SELECT is((SELECT count(*) FROM done WHERE action NOT IN ('found', 'kept', 'missing') AND statement IS NULL), 0::bigint, 'each change with its statement');
SELECT is(current_user::text, session_user::text, 'the caller is itself again');
SELECT results_eq('SELECT app_role, service_role, bi_role FROM btwin.access', $$VALUES ('regress_web'::name, 'regress_service'::name, 'regress_bi'::name)$$, 'roles are recorded');
SELECT is_empty($$SELECT * FROM btwin.secure() WHERE action NOT IN ('found', 'kept')$$, 'a second call finds all');
SELECT is_empty($$SELECT * FROM btwin.attach('regress_app') WHERE action NOT IN ('found', 'kept')$$, 'so does attach');

-- Tables of the application
CREATE TEMP VIEW said AS SELECT replace(object, 'regress_app.', '') AS name, kind, action, detail FROM done;
SELECT is((SELECT array_agg(action || ' ' || detail ORDER BY detail) FROM said WHERE name = 'courses' AND kind = 'policy'),
          '{"kept policies of the application decide for role regress_service: own_courses","kept policies of the application decide for role regress_web: own_courses"}', 'policies of the application decide');
SELECT ok((SELECT detail LIKE 'off, with policies not_yet%' FROM said WHERE name = 'achievements' AND action = 'kept'), 'policies that do not hold yet are left so');
SELECT is(pg_temp.ask('regress_web', 'u1', 'SELECT count(*) FROM regress_app.achievements'), '42501', 'and learners get no rights there');
SELECT is((SELECT array_agg(split_part(detail, ':', 1) ORDER BY detail) FROM said WHERE name = 'mission_streaks' AND kind = 'policy'), '{btwin_learner,btwin_service}', 'a table without policies gets them');
SELECT is((SELECT array_agg(split_part(detail, ':', 1) ORDER BY detail) FROM said WHERE name = 'mission_feedback' AND kind = 'policy'), '{btwin_learner,btwin_service}', 'so does one with a restrictive policy');
SELECT is((SELECT array_agg(split_part(detail, ':', 1) ORDER BY detail) FROM said WHERE name = 'lectures' AND kind = 'policy'), '{btwin_learner,btwin_service}', 'and one with policies for others');
SELECT is((SELECT detail FROM said WHERE name = 'reviews' AND detail LIKE 'btwin_others%'), 'btwin_others: as before for regress_reporter', 'a role with rights of its own');
SELECT is((SELECT detail FROM said WHERE name = 'missions' AND detail LIKE 'btwin_others%'), 'btwin_others: as before for regress_group', 'a group of the learners'' role');
SELECT is((SELECT detail FROM said WHERE name = 'exams' AND detail LIKE 'btwin_others%'), 'btwin_others: as before for everybody else', 'everybody');

-- who sees what
SELECT is(pg_temp.ask('regress_reporter', NULL, 'SELECT count(*) FROM regress_app.reviews'), '2', 'who read before reads as before');
SELECT is(pg_temp.ask('regress_reporter', NULL, $$WITH u AS (UPDATE regress_app.reviews SET "rating" = 'EASY' RETURNING 1) SELECT count(*) FROM u$$), '2', 'and writes');
SELECT is(pg_temp.ask('regress_group', NULL, 'SELECT count(*) FROM regress_app.missions'), '2', 'the group too');
SELECT is(pg_temp.ask('regress_stranger', NULL, 'SELECT count(*) FROM regress_app.exams'), '2', 'and everybody');
SELECT is((SELECT array_agg(t || ' ' || pg_temp.ask('regress_web', 'u1', 'SELECT string_agg("userId", '','') FROM regress_app.' || t) ORDER BY t) FROM unnest('{reviews,missions,exams,courses,mission_streaks,study_sessions,lectures}'::text[]) t),
          '{"courses u1","exams u1","lectures u1","mission_streaks u1","missions u1","reviews u1,u1","study_sessions u1"}', 'a learner sees what is hers, whatever group or everybody may see');
SELECT is((SELECT array_agg(t || ' ' || pg_temp.ask('regress_web', 'u2', 'SELECT count(*) FROM regress_app.' || t) ORDER BY t) FROM unnest('{learning_objectives,objective_prerequisites,cards,reviews,users}'::text[]) t),
          '{"cards 0","learning_objectives 0","objective_prerequisites 0","reviews 0","users 1"}', 'also over keys');
SELECT is((SELECT array_agg(t || ' ' || pg_temp.ask('regress_web', 'u1', 'SELECT count(*) FROM regress_app.' || t) ORDER BY t) FROM unnest('{learning_objectives,objective_prerequisites,cards}'::text[]) t),
          '{"cards 1","learning_objectives 2","objective_prerequisites 1"}', 'as the learner herself does');
SELECT is((SELECT array_agg(DISTINCT pg_temp.ask('regress_web', l, 'SELECT count(*) FROM regress_app.' || t)) FROM unnest('{reviews,missions,exams,courses,users,cards}'::text[]) t, unnest(ARRAY[NULL, 'nobody', '']) l), '{0}', 'without a claim, or with one of nobody, nothing');
SELECT is((SELECT array_agg(t || ' ' || pg_temp.ask('regress_service', NULL, 'SELECT count(*) FROM regress_app.' || t) ORDER BY t) FROM unnest('{reviews,missions,exams,users,cards,lectures}'::text[]) t),
          '{"cards 1","exams 2","lectures 2","missions 2","reviews 2","users 2"}', 'a service sees all');
SELECT is(pg_temp.ask('regress_service', NULL, 'SELECT count(*) FROM regress_app.courses'), '0', 'but where the policies of the application decide otherwise');
SELECT is(pg_temp.ask('regress_web', 'u1', 'SELECT count("passwordHash") FROM regress_app.users'), '42501', 'other columns of the application are its own');
SELECT is(pg_temp.ask('regress_service', 'u1', 'SELECT count("passwordHash") FROM regress_app.users'), '42501', 'for services too');
SELECT is((SELECT array_agg(DISTINCT pg_temp.ask(r, 'u1', format('SELECT count(%I) FROM regress_app.calendar_integrations', c))) FROM unnest('{regress_web,regress_service}'::text[]) r, unnest('{accessToken,refreshToken}'::text[]) c), '{42501}', 'nobody gets tokens');
SELECT is(pg_temp.ask('regress_web', 'u1', 'SELECT calendar_provider FROM btwin.calendar_integrations'), pg_temp.ask('regress_owner', 'u1', 'SELECT calendar_provider FROM btwin.calendar_integrations'), 'the rest of that row is read');
SELECT is(pg_temp.ask('regress_web', 'u1', $$SELECT count(*) FROM btwin.reviews_window('u1', '2026-01-01', '2027-01-01')$$), '2', 'windows work as a learner');
SELECT is(pg_temp.ask('regress_web', 'u2', $$SELECT count(*) FROM btwin.reviews_window('u1', '2026-01-01', '2027-01-01')$$), '0', 'not as another');
SELECT is((SELECT count(*) FROM btwin.domain_table d WHERE pg_temp.ask('regress_web', 'u1', format('SELECT count(*) FROM btwin.%I', d.table_name)) !~ '^[0-9]$'), 1::bigint, 'every view but one (achievements) is read');
SELECT is((SELECT array_agg(DISTINCT pg_temp.ask('regress_stranger', 'u1', format('SELECT count(*) FROM btwin.%I', d.table_name))) FROM btwin.domain_table d), '{42501}', 'a role without rights reads none');

-- claims, wherever they stand
SET LOCAL request.jwt.claims = '{"sub": "u2"}';
SELECT is(pg_temp.ask('regress_web', 'u1', 'SELECT string_agg("userId", '','') FROM regress_app.missions'), 'u2', 'the token counts before the setting');
SET LOCAL request.jwt.claims = '';
SET LOCAL btwin.user_id = 'u2';
SELECT is(pg_temp.ask('regress_web', '', 'SELECT string_agg("userId", '','') FROM regress_app.missions'), 'u2', 'the last source, after two empty ones');
SET LOCAL btwin.user_id = '';
SELECT is((SELECT array_agg(DISTINCT pg_temp.ask('regress_web', l, 'SELECT coalesce(' || btwin._claim_expression(a.claim_sources) || ', ''-'') = coalesce(btwin._claim(''' || a.claim_sources::text || '''), ''-'')'))
           FROM btwin.access a, unnest(ARRAY[NULL, '', 'u1', 'it''s']) l), '{true}', 'policies and functions find the same caller');

-- the index of learner and time serves under the policy, with a plan for every learner
INSERT INTO regress_app.behavioral_events ("id", "userId", "eventType", "eventData", "timestamp")
SELECT 'many' || g, 'u' || 1 + g % 40, 'GRAPH_VIEWED', '{}', timestamp '2026-01-01' + g * interval '10 minutes' FROM generate_series(1, 8000) g;
ANALYZE regress_app.behavioral_events;
SET LOCAL plan_cache_mode = force_generic_plan;
SET LOCAL app.current_user_id = 'u1';
SET LOCAL ROLE regress_web;
PREPARE under_policy(text, timestamptz, timestamptz) AS SELECT id, event_data FROM btwin.behavioral_events_window($1, $2, $3);
CREATE TEMP TABLE plan AS SELECT n.* FROM pg_temp.planned($$EXECUTE under_policy('u1', '2026-02-01', '2026-02-04')$$) p, pg_temp.nodes(p) n;
RESET ROLE;
SELECT ok((SELECT bool_or(index_cond LIKE '%"userId" = %' AND index_cond LIKE '%"timestamp" >= %' AND index_cond LIKE '%"timestamp" < %') FROM plan WHERE node_type LIKE 'Index%'), 'learner and both bounds stand in the index condition');
SELECT is((SELECT string_agg(DISTINCT node_type, ' ' ORDER BY node_type) FROM plan WHERE node_type LIKE '%Scan%'), 'Index Scan', 'and nothing else is scanned');
SELECT ok((SELECT count(*) BETWEEN 1 AND 2 FROM plan WHERE node_type = 'Result' ), 'the claim is worked out once, beside the scan');
RESET plan_cache_mode;

-- writes
SET LOCAL ROLE regress_owner;
INSERT INTO regress_app.struggle_predictions ("id", "userId", "learningObjectiveId", "predictionDate", "predictedStruggleProbability", "predictionConfidence", "featureVector", "strugglingFactors")
VALUES ('pr1', 'u1', 'ob1', '2026-04-01', 0.5, 0.5, '{}', '{}'), ('pr2', 'u2', 'ob1', '2026-04-01', 0.5, 0.5, '{}', '{}');
RESET ROLE;
CREATE FUNCTION pg_temp.feedback(learner text, prediction text) RETURNS text LANGUAGE sql AS $$
    SELECT format($q$WITH i AS (INSERT INTO regress_app.prediction_feedback (user_id, prediction_id, actual_struggle, feedback_type) VALUES (%L, %L, true, 'HELPFUL') RETURNING 1) SELECT count(*) FROM i$q$, learner, prediction)
$$;
SELECT is(pg_temp.ask('regress_web', 'u1', pg_temp.feedback('u1', 'pr1')), '1', 'a learner writes what is hers');
SELECT is(pg_temp.ask('regress_web', 'u1', pg_temp.feedback('u2', 'pr2')), '42501', 'not what is another''s');
SELECT is(pg_temp.ask('regress_web', 'u1', pg_temp.feedback('u1', 'pr2')), '42501', 'nor what points at another''s row');
SELECT is(pg_temp.ask('regress_web', 'u1', pg_temp.feedback('u1', 'pr9')), '42501', 'which is refused as one that is not there');
SELECT is(pg_temp.ask('regress_service', NULL, pg_temp.feedback('u2', 'pr2')), '1', 'a service writes for anybody');
SELECT is(pg_temp.ask('regress_service', NULL, pg_temp.feedback('u2', 'pr9')), '23503', 'and is told of a key that is not there');
SELECT is(pg_temp.ask('regress_web', 'u1', $$WITH u AS (UPDATE regress_app.missions SET "status" = 'SKIPPED' RETURNING 1) SELECT count(*) FROM u$$), '1', 'changes reach what is hers alone');
SELECT is(pg_temp.ask('regress_web', 'u1', $$UPDATE regress_app.missions SET "userId" = 'u2' WHERE id = 'mi1'$$), '42501', 'nothing is given away');
SELECT is(pg_temp.ask('regress_web', 'u1', 'DELETE FROM regress_app.reviews'), '42501', 'tables that no function writes are not written');
SELECT is((SELECT array_agg(t || ' ' || pg_temp.ask('regress_web', 'u1', format('INSERT INTO btwin.%I DEFAULT VALUES', t)) ORDER BY t) FROM unnest('{user_day,user_mark,late_change,refresh_clock,access}'::text[]) t),
          '{"access 42501","late_change 42501","refresh_clock 42501","user_day 42501","user_mark 42501"}', 'nor the store');
SELECT is((SELECT array_agg(pg_temp.ask('regress_web', 'u1', format($q$INSERT INTO btwin.calendar_busy (user_id, event_id, start_at, end_at) VALUES (%L, 'e', '2026-01-01', '2026-01-02') RETURNING event_id$q$, l))) FROM unnest('{u1,u2}'::text[]) l), '{e,42501}', 'records are written for oneself');

-- notes for everybody are seen by everybody
DELETE FROM btwin.late_change;
INSERT INTO btwin.late_change (user_id, from_day, to_day) VALUES (NULL, '2026-01-01', '2026-01-02'), ('u1', '2026-01-03', '2026-01-03'), ('u2', '2026-01-04', '2026-01-04');
SELECT is(pg_temp.ask('regress_web', 'u2', $$SELECT string_agg(from_day::text, ' ' ORDER BY from_day) FROM btwin.late_change$$), '2026-01-01 2026-01-04', 'one''s own notes, and those for all');

-- Nothing changes hands that was not made here
SET LOCAL ROLE regress_owner;
ALTER POLICY btwin_learner ON regress_app.reviews USING (true);
RESET ROLE;
SELECT results_eq($$SELECT object, action FROM btwin.secure() WHERE action NOT IN ('found', 'kept')$$, $$VALUES ('regress_app.reviews', 'changed')$$, 'a policy of its own that was altered is made anew');
CREATE TEMP TABLE theirs AS SELECT p.* FROM pg_policy p WHERE p.polname NOT LIKE 'btwin%';
SELECT is((SELECT string_agg(DISTINCT action, ' ') FROM btwin.secure(claim_sources => '{request.jwt.claims->>user}') WHERE kind = 'policy' AND detail LIKE 'btwin_learner%'), 'changed', 'other claim sources change the policies');
SET LOCAL request.jwt.claims = '{"user": "u2", "sub": "u1"}';
SELECT is(pg_temp.ask('regress_web', 'u1', 'SELECT string_agg("userId", '','') FROM regress_app.missions'), 'u2', 'and the caller');
SET LOCAL request.jwt.claims = '';
SELECT is((SELECT count(*) FROM btwin.secure(claim_sources => '{app.current_user_id}') WHERE kind = 'policy' AND action = 'changed'), (SELECT count(*) FROM pg_policy WHERE polname = 'btwin_learner'), 'and back');
SELECT set_eq('SELECT p::text FROM pg_policy p WHERE p.polname NOT LIKE ''btwin%''', 'SELECT t::text FROM theirs t', 'policies of the application stay as they are');

-- Another role of learners, and none
CREATE TEMP TABLE moved AS SELECT * FROM btwin.secure(app_role => 'regress_web2');
SELECT is(pg_temp.ask('regress_web2', 'u1', 'SELECT count(*) FROM btwin.reviews'), '2', 'another role of learners');
SELECT is(pg_temp.ask('regress_web', 'u1', 'SELECT count(*) FROM regress_app.reviews'), '42501', 'the former one loses what it was given');
SELECT is(pg_temp.ask('regress_web', 'u1', 'SELECT count(*) FROM regress_app.missions'), '2', 'and has again what it had before as one of the group');
SELECT is(pg_temp.ask('regress_reporter', NULL, 'SELECT count(*) FROM regress_app.reviews'), '2', 'others go on');
CREATE TEMP TABLE closed AS SELECT * FROM btwin.secure('', '', '');
SELECT is_empty('SELECT * FROM btwin.access_grant', 'without roles nothing granted is left');
SELECT is((SELECT string_agg(DISTINCT polname::text, ' ') FROM pg_policy WHERE polname LIKE 'btwin%'), 'btwin_others', 'and only policies of those who were there before');
SELECT is_empty($$SELECT a.* FROM pg_class c, aclexplode(c.relacl) a WHERE c.relnamespace IN ('btwin'::regnamespace, 'btwin_bi'::regnamespace) AND a.grantee IN ('regress_web'::regrole, 'regress_web2'::regrole, 'regress_service'::regrole, 'regress_bi'::regrole)$$, 'no right on btwin is left');

-- Functions
CREATE FUNCTION btwin_api.regress_one() RETURNS int LANGUAGE sql STABLE AS 'SELECT 1';
CREATE TEMP TABLE again AS SELECT * FROM btwin.secure('regress_web', 'regress_service', 'regress_bi', claim_sources => '{app.current_user_id}');
SELECT is((SELECT array_agg(r || ' ' || pg_temp.ask(r, 'u1', 'SELECT btwin_api.regress_one()')) FROM unnest('{regress_web,regress_service,regress_bi,regress_stranger}'::text[]) r), '{"regress_web 1","regress_service 1","regress_bi 42501","regress_stranger 42501"}', 'endpoints are for learners and services');
SELECT is_empty($$SELECT p.oid::regprocedure FROM pg_proc p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
                  WHERE a.grantee = 0 AND (p.pronamespace = 'btwin_api'::regnamespace OR p.pronamespace = 'btwin'::regnamespace AND p.prosecdef)$$, 'nothing there for everybody, nor what runs with its owner''s rights');
SELECT is((SELECT array_agg(v || ' ' || pg_temp.ask('regress_bi', NULL, format('SELECT count(*) >= 0 FROM btwin_bi.%I', v)) ORDER BY v) FROM (SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'btwin_bi'::regnamespace) r (v) WHERE pg_temp.ask('regress_bi', NULL, format('SELECT count(*) >= 0 FROM btwin_bi.%I', v)) <> 'true'), NULL, 'BI tools read every view of btwin_bi');
SELECT is((SELECT array_agg(DISTINCT pg_temp.ask('regress_bi', NULL, format('SELECT count(*) FROM btwin.%I', t))) FROM unnest('{users,user_day,access,bi_learner_day}'::text[]) t), '{42501}', 'and nothing else');

-- The owner works as before
SET LOCAL ROLE regress_owner;
SELECT lives_ok('SELECT btwin.refresh_now()', 'refresh');
SELECT is_empty('SELECT * FROM btwin.verify()', 'verify');
SELECT lives_ok('SELECT btwin.rebuild()', 'rebuild');
SELECT is((SELECT string_agg(DISTINCT action, ' ') FROM btwin.refresh_bi()), 'refreshed', 'views for BI');
RESET ROLE;

SELECT * FROM finish();
ROLLBACK;
