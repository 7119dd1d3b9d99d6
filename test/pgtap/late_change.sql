-- The triggers that note late changes: what attach and detach make of them. That
-- they harm nobody is tested in test/t/note_safety.pl.
BEGIN;
SET LOCAL client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS btwin;
SELECT plan(48);
SET LOCAL TimeZone = 'Asia/Tokyo';
CREATE ROLE regress_owner;
CREATE ROLE regress_events_owner;
CREATE ROLE regress_application;
CREATE SCHEMA regress_app;
CREATE FUNCTION pg_temp.triggers() RETURNS bigint LANGUAGE sql AS $$ SELECT count(*) FROM pg_trigger WHERE tgname LIKE 'btwin\_note\_%' $$;
CREATE FUNCTION pg_temp.functions() RETURNS bigint LANGUAGE sql AS $$ SELECT count(*) FROM pg_proc p WHERE p.pronamespace = 'btwin'::regnamespace AND p.prosecdef $$;
CREATE FUNCTION pg_temp.noted() RETURNS SETOF text LANGUAGE plpgsql AS $$ BEGIN RETURN QUERY
    SELECT DISTINCT n.note FROM (SELECT concat_ws(' ', coalesce(c.user_id, 'all'), nullif(c.from_day, '-infinity')) AS note FROM btwin.late_change c
                                 UNION ALL SELECT concat_ws(' ', p.user_id, p.day) FROM btwin._pending_notes() p) AS n ORDER BY 1; END $$;

-- The reference's own spelling: timestamp(3), enum columns, an event table without a foreign key
SET LOCAL search_path = regress_app;
\ir ../data/adoption_fixture.sql
\ir ../data/adoption_rows.sql
RESET search_path;
CREATE TEMP TABLE first_call AS SELECT * FROM btwin.attach('regress_app');
-- seven tables, and the notes themselves
SELECT results_eq($$ SELECT object, action FROM first_call WHERE kind = 'trigger' AND object NOT LIKE 'btwin\_write%' ORDER BY 1 $$,
    $$ VALUES ('btwin_note on regress_app.behavioral_events', 'created'), ('btwin_note on regress_app.cognitive_load_metrics', 'created'), ('btwin_note on regress_app.missions', 'created'),
              ('btwin_note on regress_app.personalization_outcomes', 'created'), ('btwin_note on regress_app.reviews', 'created'),
              ('btwin_note on regress_app.struggle_predictions', 'created'), ('btwin_note on regress_app.study_sessions', 'created'),
              ('btwin_note_flush on btwin.late_change', 'created') $$, 'attach says which triggers it made');
SELECT is_empty($$ SELECT * FROM btwin.attach('regress_app') WHERE action <> 'found' $$, 'a second call finds all');
SELECT is(pg_temp.triggers(), 29::bigint, 'four triggers on each of seven tables, one on the notes');
SELECT is_empty($$ SELECT tgname FROM pg_trigger WHERE tgname LIKE 'btwin\_note\_%' AND tgenabled <> 'A' $$, 'all fire for replicated rows too');
SELECT is(pg_temp.functions(), 9::bigint, 'nine functions run with the rights of the owner of the notes');
SELECT is_empty($$ SELECT p.proname FROM pg_proc p WHERE p.pronamespace = 'btwin'::regnamespace AND p.prosecdef AND NOT p.proconfig @> ARRAY['search_path=pg_catalog, pg_temp'] $$, 'each of them with a pinned search_path');
SELECT is_empty($$ SELECT p.proname FROM pg_proc p WHERE p.pronamespace = 'btwin'::regnamespace AND p.prosecdef AND p.prosrc ~ 'btwin\.(?!late_change|(rebuild|verify)\()' $$, 'and none calls anything of the extension (two are named in a hint)');
SELECT is_empty($$ SELECT p.proname FROM pg_proc p WHERE p.pronamespace = 'btwin'::regnamespace AND p.prosecdef AND obj_description(p.oid, 'pg_proc') IS NULL $$, 'each has a comment');
SELECT is((SELECT regexp_replace(pg_get_triggerdef(oid), '^.* WHEN ', '') FROM pg_trigger WHERE tgrelid = 'regress_app.behavioral_events'::regclass AND tgname = 'btwin_note_insert'),
    $$((new."timestamp" < (clock_timestamp() AT TIME ZONE '-48:00:00'::interval))) EXECUTE FUNCTION btwin._note_behavioral_events()$$, 'the guard of a column without a zone');
SELECT is((clock_timestamp() AT TIME ZONE interval '-48:00') - (clock_timestamp() AT TIME ZONE 'UTC') BETWEEN interval '-48:00:01' AND interval '-48:00', true, 'is 48 hours before UTC, whatever the zone of the session');
DELETE FROM btwin.late_change;
-- 23:59:59.999 and midnight in UTC, hours after midnight in Tokyo
INSERT INTO regress_app.behavioral_events (id, "userId", "eventType", "eventData", timestamp) VALUES ('l1', 'u1', 'GRAPH_VIEWED', '{}', '2026-01-05 23:59:59.999'), ('l2', 'u2', 'GRAPH_VIEWED', '{}', '2026-01-06 00:00');
SELECT results_eq('SELECT * FROM pg_temp.noted()', ARRAY['u1 2026-01-05', 'u2 2026-01-06'], 'days of timestamp(3) are UTC');
INSERT INTO regress_app.behavioral_events (id, "userId", "eventType", "eventData", timestamp)
VALUES ('l3', 'u3', 'GRAPH_VIEWED', '{}', clock_timestamp() AT TIME ZONE 'UTC' - interval '47:59'), ('l4', 'u4', 'GRAPH_VIEWED', '{}', clock_timestamp() AT TIME ZONE 'UTC' + interval '1 day');
SELECT results_eq('SELECT * FROM pg_temp.noted()', ARRAY['u1 2026-01-05', 'u2 2026-01-06'], 'younger rows are not noted');
UPDATE regress_app.behavioral_events SET timestamp = '2026-01-07' WHERE id = 'l3';
SELECT results_eq($$ SELECT n FROM pg_temp.noted() AS n WHERE n ~ '^u3' AND n <> format('u3 %s', (clock_timestamp() AT TIME ZONE 'UTC' - interval '47:59')::date) $$, ARRAY['u3 2026-01-07'], 'one that becomes old is');

-- Every table the store is worked out from is watched, by the moment it is read by
SELECT results_eq($$ SELECT c.relname::text COLLATE "default", substring(pg_get_triggerdef(t.oid) FROM 'new\.("?\w+"?)')
    FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE t.tgname = 'btwin_note_insert' ORDER BY 1 $$,
    $$ VALUES ('behavioral_events', '"timestamp"'), ('cognitive_load_metrics', '"timestamp"'), ('missions', 'date'), ('personalization_outcomes', '"timestamp"'),
              ('reviews', '"reviewedAt"'), ('struggle_predictions', '"actualOutcomeRecordedAt"'), ('study_sessions', '"startedAt"') $$, 'moments');

-- Without triggers
CREATE TEMP TABLE off AS SELECT * FROM btwin.attach('regress_app', triggers => false);
SELECT results_eq($$ SELECT kind, action, count(*)::int FROM off WHERE action <> 'found' GROUP BY 1, 2 ORDER BY 1 $$,
    $$ VALUES ('function', 'dropped', 9), ('settings', 'changed', 1), ('trigger', 'dropped', 29) $$, 'triggers => false removes them');
SELECT is(pg_temp.triggers(), 0::bigint, 'no trigger is left');
SELECT is(pg_temp.functions(), 0::bigint, 'no function either');
SELECT is_empty($$ SELECT * FROM btwin.attach('regress_app') WHERE action <> 'found' $$, 'the next attach keeps the choice');
SELECT is(pg_temp.triggers(), 0::bigint, 'and makes none');
SELECT results_eq($$ SELECT * FROM pg_temp.noted() WHERE noted !~ '^u3' $$, ARRAY['u1 2026-01-05', 'u2 2026-01-06'], 'notes stay, those of this transaction too');
INSERT INTO regress_app.behavioral_events (id, "userId", "eventType", "eventData", timestamp) VALUES ('l5', 'u5', 'GRAPH_VIEWED', '{}', '2026-01-05');
SELECT is_empty($$ SELECT * FROM pg_temp.noted() WHERE noted ~ '^u5' $$, 'changes now go unnoticed');
SELECT results_eq($$ SELECT kind, action, count(*)::int FROM btwin.attach('regress_app', triggers => true) WHERE action <> 'found' GROUP BY 1, 2 ORDER BY 1 $$,
    $$ VALUES ('function', 'created', 9), ('settings', 'changed', 1), ('trigger', 'created', 8) $$, 'triggers => true makes them again');

-- Detached
SELECT is((SELECT count(*) FROM btwin.detach() WHERE kind = 'trigger' AND object NOT LIKE 'btwin\_write%' AND action = 'dropped'), 29::bigint, 'detach drops the triggers');
SELECT is(pg_temp.triggers() + pg_temp.functions(), 0::bigint, 'all of them, and their functions');
SELECT lives_ok('ALTER TABLE regress_app.reviews ALTER COLUMN "reviewedAt" TYPE timestamp(6)', 'a column they looked at can be altered then');
SELECT is((SELECT count(*) FROM btwin.attach('regress_app') WHERE kind = 'trigger' AND object NOT LIKE 'btwin\_write%' AND action = 'created'), 8::bigint, 'attach makes them anew');

-- What somebody did to them
DROP TRIGGER btwin_note_update ON regress_app.reviews;
DROP TRIGGER btwin_note_truncate ON regress_app.missions;
ALTER TABLE regress_app.study_sessions DISABLE TRIGGER btwin_note_delete;
SELECT results_eq($$ SELECT object, action, detail FROM btwin.attach('regress_app') WHERE action <> 'found' ORDER BY 1 $$,
    $$ VALUES ('btwin_note on regress_app.missions', 'created', 'INSERT, UPDATE, DELETE, TRUNCATE'), ('btwin_note on regress_app.reviews', 'created', 'INSERT, UPDATE, DELETE, TRUNCATE'),
              ('btwin_note on regress_app.study_sessions', 'changed', 'enabled again') $$, 'attach makes good what was dropped or disabled');
SELECT is(pg_temp.triggers(), 29::bigint, 'all are there');
SELECT is_empty($$ SELECT tgname FROM pg_trigger WHERE tgname LIKE 'btwin\_note\_%' AND tgenabled <> 'A' $$, 'and fire');
UPDATE btwin.attached_object SET definition = 'of an earlier version' WHERE object_name = '_note_reviews';
SELECT results_eq($$ SELECT object, action FROM btwin.attach('regress_app') WHERE action <> 'found' ORDER BY 1 $$,
    $$ VALUES ('btwin._note_reviews()', 'changed'), ('btwin_note on regress_app.reviews', 'created') $$, 'another definition makes function and triggers anew');
SELECT is_empty($$ SELECT * FROM btwin.attach('regress_app') WHERE action <> 'found' $$, 'once');
SELECT is((SELECT count(*) FROM btwin.detach(drop_derived => true) WHERE object = 'btwin.late_change' AND action = 'dropped'), 1::bigint, 'drop_derived takes the notes');
SELECT is(pg_temp.triggers(), 0::bigint, 'with their trigger');
DROP SCHEMA regress_app CASCADE;

-- Tables of several owners, none of whom sees schema btwin but the one named
CREATE SCHEMA regress_app;
GRANT USAGE, CREATE ON SCHEMA regress_app TO regress_owner, regress_events_owner;
SELECT is((SELECT count(*) FROM btwin.attach('regress_app', owner => 'regress_owner') WHERE kind = 'trigger' AND action = 'created'), 8::bigint, 'tables that attach makes');
SELECT is((SELECT count(*) FROM btwin.detach() WHERE kind = 'trigger'), 29::bigint, 'and detach');
ALTER TABLE regress_app.behavioral_events OWNER TO regress_events_owner;
ALTER TABLE regress_app.users OWNER TO regress_events_owner;
SELECT is((SELECT count(*) FROM btwin.attach('regress_app', owner => 'regress_owner') WHERE kind = 'trigger' AND action = 'created'), 8::bigint, 'several owners: triggers on all tables');
SELECT is(has_table_privilege('regress_owner', 'regress_app.behavioral_events', 'TRIGGER'), false, 'the right to make them was lent for the moment');
SELECT results_eq($$ SELECT DISTINCT pg_get_userbyid(p.proowner)::text COLLATE "default" FROM pg_proc p WHERE p.pronamespace = 'btwin'::regnamespace AND p.prosecdef $$, ARRAY['regress_owner'], 'their functions belong to the role named');
SELECT is(has_schema_privilege('regress_events_owner', 'btwin', 'USAGE'), false, 'the owner of the table has no right on btwin');
INSERT INTO regress_app.users (id) VALUES ('u1');
GRANT INSERT ON regress_app.behavioral_events TO regress_application;
GRANT USAGE ON SCHEMA regress_app TO regress_application;
SET LOCAL ROLE regress_application;
SELECT throws_ok('SELECT * FROM btwin.late_change', '42501', NULL, 'nor has the application');
INSERT INTO regress_app.behavioral_events (id, user_id, event_type, event_data, timestamp) VALUES ('l1', 'u1', 'GRAPH_VIEWED', '{}', '2026-01-05 00:00+00');
RESET ROLE;
SELECT results_eq('SELECT * FROM pg_temp.noted()', ARRAY['u1 2026-01-05'], 'whose rows are noted');
SELECT is_empty($$ SELECT * FROM btwin.attach('regress_app', owner => 'regress_owner') WHERE action <> 'found' $$, 'a second call finds all');
SELECT is((SELECT count(*) FROM btwin.detach() WHERE kind = 'trigger'), 29::bigint, 'detach drops them on tables of several owners');

-- Under another owner afterwards, the store follows
SELECT is((SELECT count(*) FROM btwin.attach('regress_app', owner => 'regress_events_owner') WHERE kind = 'trigger' AND action = 'created'), 8::bigint, 'attach for another owner');
SELECT results_eq($$ SELECT DISTINCT pg_get_userbyid(c.relowner)::text COLLATE "default" FROM pg_class c
    WHERE c.relnamespace = 'btwin'::regnamespace AND c.relname = ANY (btwin._store_tables()) $$,
    ARRAY['regress_events_owner'], 'the store is handed over to it');
SELECT is((SELECT count(*) FROM btwin.detach() WHERE kind = 'trigger'), 29::bigint, 'and detached again');

-- A name that is taken
CREATE FUNCTION regress_app.mine() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
CREATE TRIGGER btwin_note_insert AFTER INSERT ON regress_app.reviews FOR EACH ROW EXECUTE FUNCTION regress_app.mine();
SELECT throws_ok($$ SELECT * FROM btwin.attach('regress_app', owner => 'regress_events_owner') $$, '42710', 'trigger btwin_note_insert of table regress_app.reviews was not made by btwin.attach', 'somebody else''s trigger of that name');
SELECT is(pg_temp.triggers(), 1::bigint, 'is left alone, and nothing is made');

SELECT * FROM finish();
ROLLBACK;
