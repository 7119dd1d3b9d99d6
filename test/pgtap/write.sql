-- What every write of btwin_api goes through: keys of calls, the learner's turn,
-- rows beside the row, and writing through the views of adopted tables.
BEGIN;
SET LOCAL client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS btwin;
\ir ../data/adoption_helpers.sql
SELECT plan(51);
SET LOCAL TimeZone = 'Asia/Tokyo';   -- what is stored as UTC must not be written in the session's zone

CREATE SCHEMA regress_app;
SET LOCAL search_path = regress_app;
\ir ../data/adoption_fixture.sql
\ir ../data/adoption_rows.sql
RESET search_path;
CREATE TEMP TABLE attached AS SELECT * FROM btwin.attach('regress_app');
SELECT id AS ann FROM btwin.users ORDER BY id LIMIT 1 \gset

\ir api_helpers.psql

-- keys of calls: 1 to 200 characters
SELECT is(pg_temp.refusal($$SELECT btwin._check_key('')$$), 'PT400 out_of_range idempotency_key', 'an empty key is none');
SELECT ok(btwin._check_key('a'), 'one character is enough');
SELECT ok(btwin._check_key(repeat('ü', 200)), '200 characters, whatever their bytes');
SELECT is(pg_temp.refusal($$SELECT btwin._check_key(repeat('a', 201))$$), 'PT400 out_of_range idempotency_key', 'not 201');
SELECT ok(btwin._check_key(NULL), 'no key passes');

-- answers by key
SELECT is(btwin._replay('ann', 'f', 'k', '{"a": 1}'), NULL, 'nothing was asked before');
SELECT is(btwin._remember('ann', 'f', 'k', '{"a": 1}', '{"b": [1, 2.50], "c": null}')::text, '{"b": [1, 2.50], "c": null}', 'the answer is returned');
SELECT is(btwin._replay('ann', 'f', 'k', '{"a": 1}')::text, '{"b": [1, 2.50], "c": null}', 'and again, to the last digit');
SELECT is(pg_temp.refusal($$SELECT btwin._replay('ann', 'f', 'k', '{"a": 2}')$$), 'PT409 key_reused idempotency_key', 'other arguments');
SELECT is(pg_temp.refusal($$SELECT btwin._replay('ann', 'f', 'k', '{"a": 1, "b": null}')$$), 'PT409 key_reused idempotency_key', 'one argument more');
SELECT is(btwin._replay('ann', 'g', 'k', '{"a": 2}'), NULL, 'another function knows nothing of it');
SELECT is(btwin._replay('bob', 'f', 'k', '{"a": 2}'), NULL, 'nor another learner');
SELECT is(btwin._replay('ann', 'f', NULL, '{"a": 1}'), NULL, 'nor a call without a key');
SELECT is(btwin._remember('ann', 'f', NULL, '{"a": 1}', '{"d": 1}'), '{"d": 1}', 'without a key the answer is returned');
SELECT is((SELECT count(*) FROM btwin.api_call), 1::bigint, 'and not kept');
UPDATE btwin.api_call SET created_at = now() - interval '30 days';
SELECT is(btwin._prune_calls(30), 0::bigint, 'kept for 30 days');
UPDATE btwin.api_call SET created_at = now() - interval '30 days 1 second';
SELECT is(btwin._prune_calls(30), 1::bigint, 'no longer');
INSERT INTO btwin.api_call VALUES ('ann', 'f', 'k', '{}', '{}', now() - interval '31 days'), ('ann', 'f', 'l', '{}', '{}', now());
SELECT is((SELECT btwin.prune_history(1000) >= 0), true, 'prune_history, whatever it keeps of runs');
SELECT results_eq('SELECT idempotency_key FROM btwin.api_call', ARRAY['l'], 'removes old answers');

-- the learner's turn
SELECT ok(btwin._begin_write('ann'), 'the first turn makes the row');
SELECT ok(btwin._begin_write('ann'), 'the second finds it');
SELECT is((SELECT count(*) FROM btwin.learner_write WHERE user_id = 'ann'), 1::bigint, 'one row for a learner');
SELECT isnt((SELECT xmin::text FROM btwin.learner_write WHERE user_id = 'ann'), '0', 'written by this transaction');
SAVEPOINT reading;
SET LOCAL transaction_read_only = on;
SELECT is(pg_temp.refusal($$SELECT btwin._begin_write('ann')$$), '25006', 'not in a transaction that only reads');
SELECT is(pg_temp.refusal($$SELECT btwin._begin_write('eve')$$), '25006', 'nor for a learner who has no row yet');
ROLLBACK TO reading;

-- provenance: written when it is new
SELECT ok(btwin._record_provenance('ann', 'behavioral_patterns', 'p', 'btwin', 'pattern-1', '2026-03-01 00:00+00', 7, 0.1, 0.2), 'a new row');
SELECT ok(NOT btwin._record_provenance('ann', 'behavioral_patterns', 'p', 'btwin', 'pattern-1', '2026-03-01 00:00+00', 7, 0.1, 0.2), 'the same again writes nothing');
SELECT ok(btwin._record_provenance('ann', 'behavioral_patterns', 'p', m.method, m.version, m.computed_for::timestamptz, m.n, m.low, m.high), m.what || ' differs')
FROM (VALUES (1, 'method', 'epic5', 'pattern-1', '2026-03-01 00:00+00', 7, 0.1, 0.2), (2, 'version', 'epic5', 'pattern-2', '2026-03-01 00:00+00', 7, 0.1, 0.2),
             (3, 'moment', 'epic5', 'pattern-2', '2026-03-02 00:00+00', 7, 0.1, 0.2), (4, 'evidence', 'epic5', 'pattern-2', '2026-03-02 00:00+00', 8, 0.1, 0.2),
             (5, 'lower end', 'epic5', 'pattern-2', '2026-03-02 00:00+00', 8, NULL, 0.2), (6, 'upper end', 'epic5', 'pattern-2', '2026-03-02 00:00+00', 8, NULL, 0.3))
     AS m (place, what, method, version, computed_for, n, low, high) ORDER BY m.place;
SELECT results_eq('SELECT method, version, computed_for, evidence_count, low, high FROM btwin.provenance WHERE id = ''p''',
    $$VALUES ('epic5'::text, 'pattern-2'::text, timestamptz '2026-03-02 00:00+00', 8, NULL::float8, 0.3::float8)$$, 'what the last said');
SELECT matches(btwin._new_id(), '^c[0-9a-f]{24}$', 'keys have the form of the reference''s');
SELECT isnt(btwin._new_id(), btwin._new_id(), 'and are new');

-- adopted tables, written through their views
SELECT btwin._notify(:'ann', 'GOAL_CREATED', 'title', 'message', 'HIGH', 'goal', 'g1', '2026-03-01 12:34:56.789+00') AS notification \gset
SELECT is(n."createdAt"::text || ' ' || n."notificationType"::text || ' ' || n.priority::text, '2026-03-01 12:34:56.789 GOAL_CREATED HIGH', 'timestamps as UTC, enums as enums')
FROM regress_app.insight_notifications n WHERE n.id = :'notification';
SELECT results_eq(format('SELECT created_at, title, message, related_entity_type, related_entity_id, read_at FROM btwin.insight_notifications WHERE id = %L', :'notification'),
    $$VALUES (timestamptz '2026-03-01 12:34:56.789+00', 'title'::text, 'message'::text, 'goal'::text, 'g1'::text, NULL::timestamptz)$$, 'read as written');
WITH changed AS (UPDATE btwin.insight_notifications SET read_at = '2026-03-02 00:00+00', user_id = 'nobody' WHERE id = :'notification' RETURNING *)
SELECT is(count(*), 1::bigint, 'one row changes') FROM changed;
SELECT is(n."readAt"::text || ' ' || n."userId", '2026-03-02 00:00:00 ' || :'ann', 'whose it is does not') FROM regress_app.insight_notifications n WHERE n.id = :'notification';
SELECT lives_ok(format('SELECT FROM btwin.insight_notifications WHERE id = %L FOR UPDATE', :'notification'), 'rows can be locked through the view');
-- to the millisecond, as the columns have it, and never after the moment
UPDATE btwin.insight_notifications SET read_at = '2026-03-02 00:00:00.000999+00', created_at = '1999-12-31 23:59:59.999999+00' WHERE id = :'notification';
SELECT is(n."readAt"::text || ' ' || n."createdAt"::text, '2026-03-02 00:00:00 1999-12-31 23:59:59.999', 'what is finer is cut off') FROM regress_app.insight_notifications n WHERE n.id = :'notification';
-- a default of the data model where nothing is said: priority NORMAL, key made
INSERT INTO btwin.insight_notifications (user_id, notification_type, title, message) VALUES (:'ann', 'NEW_INSIGHT', 't', 'm') RETURNING id, priority, created_at = now() AS is_now \gset other_
SELECT is((:'other_priority' || ' ' || :'other_is_now')::text, 'NORMAL t', 'defaults of the data model');
SELECT matches(:'other_id'::text, '^c[0-9a-f]{24}$', 'also of the key');
SELECT throws_ok(format('INSERT INTO btwin.insight_notifications (user_id, notification_type, title, message) VALUES (%L, ''NO_SUCH'', ''t'', ''m'')', :'ann'), '22P02', NULL, 'a value the enum lacks');
DELETE FROM btwin.insight_notifications WHERE id = :'other_id';
SELECT is((SELECT count(*) FROM regress_app.insight_notifications WHERE id = :'other_id'), 0::bigint, 'rows go through the view');
UPDATE btwin.calendar_integrations SET last_sync_at = '2026-03-03 00:00+00', sync_enabled = NOT sync_enabled;
SELECT results_eq('SELECT sync_enabled, last_sync_at FROM btwin.calendar_integrations', $$SELECT "syncEnabled", timestamptz '2026-03-03 00:00+00' FROM regress_app.calendar_integrations$$, 'only columns that btwin writes change');

-- every table that btwin writes can be written
SELECT is_empty($$SELECT w.table_name, w.privilege FROM btwin._written_tables() w JOIN pg_class c ON c.oid = to_regclass(format('btwin.%I', w.table_name)) AND c.relkind = 'v'
    WHERE pg_relation_is_updatable(c.oid, true) & CASE w.privilege WHEN 'INSERT' THEN 8 WHEN 'UPDATE' THEN 4 WHEN 'DELETE' THEN 16 END = 0$$, 'every view that is written can be');
SELECT is_empty($$SELECT * FROM btwin.attach('regress_app') WHERE action <> 'found'$$, 'a second attach finds the triggers');
DROP TRIGGER btwin_write ON btwin.insight_notifications;
SELECT isnt_empty($$SELECT * FROM btwin.attach('regress_app') WHERE kind = 'trigger' AND action = 'changed' AND object = 'btwin_write on btwin.insight_notifications'$$, 'one that is gone is made anew');
CREATE TEMP TABLE detached AS SELECT * FROM btwin.detach();
SELECT is_empty($$SELECT p.oid::regprocedure FROM pg_proc p WHERE p.pronamespace = 'btwin'::regnamespace AND p.proname LIKE '\_write\_%' AND p.prorettype = 'trigger'::regtype
    AND p.proname <> '_write_note'$$, 'detach leaves none');
SELECT * FROM finish();
ROLLBACK;
