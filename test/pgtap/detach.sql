-- detach and DROP EXTENSION: what goes, what stays.
BEGIN;
SET LOCAL client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS btwin;
\ir ../data/adoption_helpers.sql
SELECT plan(36);

CREATE SCHEMA regress_app;
SET LOCAL search_path = regress_app;
\ir ../data/adoption_fixture.sql
\ir ../data/adoption_rows.sql
RESET search_path;
CREATE FUNCTION pg_temp.all_rows() RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    each record;
BEGIN
    FOR each IN SELECT c.oid::regclass AS relation FROM pg_class c WHERE c.relnamespace = 'regress_app'::regnamespace AND c.relkind = 'r' LOOP
        RETURN QUERY EXECUTE format('SELECT %L || to_jsonb(t)::text FROM %s t', each.relation, each.relation);
    END LOOP;
END
$$;
CREATE TEMP TABLE before_attach AS SELECT * FROM pg_temp.catalog_snapshot() AS s (line);
SELECT lives_ok($$ SELECT btwin.attach('regress_app', default_time_zone => 'Europe/Berlin') $$, 'attach');
INSERT INTO btwin.learner (user_id, time_zone) VALUES ('u1', 'America/Lima');
INSERT INTO regress_app.struggle_predictions ("id", "userId", "learningObjectiveId", "predictedStruggleProbability", "predictionConfidence", "strugglingFactors")
VALUES ('pr1', 'u1', 'ob1', 0.75, 0.5, '{}');
INSERT INTO regress_app.prediction_feedback (id, user_id, prediction_id, feedback_type, actual_struggle) VALUES ('fb1', 'u1', 'pr1', 'HELPFUL', true);
CREATE TEMP TABLE rows_before AS SELECT * FROM pg_temp.all_rows() AS s (line);
-- 2 users, courses, lectures, objectives, missions, sessions, reviews; 3 events; one each of
-- prerequisite, card, pattern, calendar, assessment, prediction, feedback
SELECT is((SELECT count(*) FROM rows_before), 24::bigint, '24 rows of learners');

-- An index of the application that came later, and one that attach made and somebody renamed
CREATE INDEX later ON regress_app.reviews ("userId", "reviewedAt", "rating", "stabilityAfter");
ALTER INDEX regress_app.btwin_missions_date_status RENAME TO missions_mine;

-- DROP EXTENSION is refused while attached
SELECT throws_ok('DROP EXTENSION btwin', '2BP01', 'cannot drop extension btwin because other objects depend on it', 'DROP EXTENSION is refused');

-- detach
CREATE TEMP TABLE gone AS SELECT * FROM btwin.detach();
-- 44 views, 32 windows, 31 indexes made less the renamed one; 4 triggers on each of
-- 7 tables and one on the notes, 9 functions of them; 14 BI views, 12 materialized
-- views below them, the table of their refreshes
SELECT results_eq($$ SELECT kind, action, count(*)::int FROM gone GROUP BY 1, 2 ORDER BY kind COLLATE "C" $$,
    $$ VALUES ('bi', 'dropped', 27), ('function', 'dropped', 41), ('index', 'dropped', 30), ('jobs', 'kept', 4), ('record', 'kept', 10), ('settings', 'kept', 3), ('store', 'kept', 9), ('table', 'kept', 44),
              ('trigger', 'dropped', 54), ('view', 'dropped', 44) $$, 'detach drops what attach made');
SELECT is(btwin.attached_schema(), NULL, 'nothing is attached');
SELECT throws_ok('SELECT * FROM btwin.index_catalog', 'TW001', NULL, 'what needs the tables says so');
SELECT throws_ok($$ SELECT btwin.learner_time_zone('u1') $$, 'TW001', NULL, 'time zones too');
SELECT is_empty('SELECT * FROM pg_temp.all_rows() EXCEPT SELECT line FROM rows_before', 'no row was added');
SELECT is_empty('SELECT line FROM rows_before EXCEPT SELECT * FROM pg_temp.all_rows()', 'no row is lost');
SELECT is((SELECT time_zone FROM btwin.learner WHERE user_id = 'u1'), 'America/Lima', 'nor a setting');
SELECT is_empty($$ SELECT line FROM before_attach WHERE line !~ '^schema' EXCEPT SELECT * FROM pg_temp.catalog_snapshot() $$, 'the application is as it was');
SELECT set_eq($$ SELECT c.relname::text COLLATE "default" FROM pg_class c WHERE c.relnamespace = 'regress_app'::regnamespace AND (c.relname LIKE 'btwin%' OR c.relname IN ('later', 'missions_mine')) $$,
    ARRAY['later', 'missions_mine'], 'indexes of others stay');
SELECT is((SELECT array_agg(DISTINCT action) FROM btwin.detach() WHERE kind <> 'settings'), '{kept}', 'a second detach finds nothing to drop');

-- a migration that the views had blocked, and attach again
SELECT lives_ok($$ ALTER TABLE regress_app.reviews ALTER COLUMN "reviewedAt" TYPE timestamptz USING "reviewedAt" AT TIME ZONE 'UTC' $$, 'a migration between detach and attach');
CREATE TEMP TABLE again AS SELECT * FROM btwin.attach('regress_app');
SELECT is(detail, 'schema regress_app, default time zone Europe/Berlin', 'attach continues with the default time zone') FROM again WHERE object = 'btwin.attachment';
SELECT is(btwin.learner_time_zone('u1'), 'America/Lima', 'and with the settings');
SELECT is((SELECT array_agg(id ORDER BY id) FROM btwin.reviews_window('u1', '2026-03-09 23:31+00', '2026-03-09 23:40+00')), '{re1}', 'the window follows the new type');
SELECT is(detail, 'number 27, reviews ("userId", "reviewedAt" DESC) include (rating, "stabilityAfter"), served by later', 'an index that came later serves') FROM again WHERE object = 'regress_app.btwin_reviews_reviewed';
SELECT is(detail, 'number 26, missions ("userId", date DESC, status), served by missions_mine', 'a renamed one too') FROM again WHERE object = 'regress_app.btwin_missions_date_status';

-- a view that changed under attach, and one that lost its guard, are made anew
SELECT lives_ok('ALTER VIEW btwin.reviews RESET (security_invoker)', 'somebody turns security_invoker off');
SELECT results_eq($$ SELECT object, action FROM btwin.attach('regress_app') WHERE action <> 'found' $$,
    $$ VALUES ('btwin.reviews', 'changed'), ('btwin.reviews_window(text, timestamptz, timestamptz)', 'changed') $$, 'attach turns it on again');
SELECT throws_ok('ALTER TABLE regress_app.reviews ALTER COLUMN "reviewedAt" TYPE timestamp(3)', '0A000', NULL, 'a migration under attached views is refused by the server');

-- DROP EXTENSION CASCADE takes no row
SELECT lives_ok('DROP EXTENSION btwin CASCADE', 'DROP EXTENSION CASCADE');
SELECT is_empty('SELECT line FROM rows_before WHERE line !~ ''regress_app.reviews'' EXCEPT SELECT * FROM pg_temp.all_rows()', 'no row is lost');
SELECT is((SELECT count(*) FROM regress_app.reviews), 2::bigint, 'of the reviews neither');
SELECT is((SELECT time_zone FROM btwin.learner WHERE user_id = 'u1'), 'America/Lima', 'nor a setting');
SELECT is_empty($$ SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'btwin'::regnamespace AND c.relkind = 'v' $$, 'views are gone');
SELECT is_empty($$ SELECT p.proname FROM pg_proc p WHERE p.pronamespace = 'btwin'::regnamespace AND p.proname !~ '^_(note|write)_' $$, 'functions are gone, but for those of triggers');
SELECT is((SELECT count(*) FROM pg_proc p WHERE p.pronamespace = 'btwin'::regnamespace), 34::bigint, 'those of the triggers stay with them');
SELECT lives_ok('CREATE EXTENSION btwin', 'the extension can come back');
SELECT is((SELECT count(*) FROM btwin.attach('regress_app') WHERE kind IN ('view', 'function') AND action = 'created'), 76::bigint, 'and attach continues');
SELECT is_empty($$ SELECT * FROM btwin.attach('regress_app') WHERE action <> 'found' $$, 'a second call finds all');

-- everything
CREATE TEMP TABLE all_gone AS SELECT * FROM btwin.detach(drop_derived => true, drop_data => true);
SELECT results_eq($$ SELECT object, action FROM all_gone WHERE kind = 'settings' $$, $$ VALUES ('btwin.access', 'dropped'), ('btwin.learner', 'dropped'), ('btwin.attachment', 'dropped') $$, 'drop_data drops the settings');
SELECT is((SELECT count(*) FROM pg_temp.all_rows()), 24::bigint, 'no row of a learner');
SELECT lives_ok('DROP EXTENSION btwin', 'DROP EXTENSION after detach');
SELECT is_empty($$ SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'btwin'::regnamespace $$, 'the schema is empty');

SELECT * FROM finish();
ROLLBACK;
