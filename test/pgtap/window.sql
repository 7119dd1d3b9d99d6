-- Window functions read one learner's window through an index: learner and time
-- are index conditions, nothing is read and thrown away; for a superuser, for a
-- learner under row security, with generic plans, inside PL/pgSQL, over created
-- and adopted tables and over a partitioned one.
BEGIN;
SET LOCAL client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS btwin;
\ir ../data/adoption_helpers.sql
SELECT plan(53);

CREATE ROLE regress_learner;
GRANT USAGE ON SCHEMA btwin TO regress_learner;

-- 150 learners with an event a day at noon UTC of 200 days. The window of 10 days
-- from 2025-06-01 holds 10 rows of u7, and nothing but these may be read. (With
-- few learners an index on the time alone may rightly win: the window's rows of
-- all learners then lie on fewer pages.)
CREATE TEMP TABLE made AS
SELECT 'ev' || l || '-' || d AS id, 'u' || l AS learner, timestamptz '2025-01-01 12:00+00' + d * interval '1 day' AS at
FROM generate_series(1, 150) AS l, generate_series(0, 199) AS d;

-- The forms a statement takes. Judged each: 'as wanted' or what is wrong.
CREATE FUNCTION pg_temp.forms(learner text, moment text) RETURNS TABLE (form text, verdict text) LANGUAGE plpgsql AS $$
DECLARE
    statement text := 'SELECT id, event_type, timestamp FROM btwin.behavioral_events_window(%s, %s, %s)';
    before_fetched bigint;
    before_scans bigint;
    found_count bigint;
BEGIN
    form := 'constants';
    verdict := pg_temp.judge(pg_temp.ran(format(statement, '''u7''', '''2025-06-01 00:00+00''', '''2025-06-11 00:00+00''')), learner, moment, 10);
    RETURN NEXT;

    form := 'stable arguments';
    PERFORM set_config('regress.from_at', '2025-06-01 00:00+00', true);
    verdict := pg_temp.judge(pg_temp.ran(format(statement, 'current_setting(''app.current_user_id'')', 'current_setting(''regress.from_at'')::timestamptz',
                                                'current_setting(''regress.from_at'')::timestamptz + interval ''10 days''')), learner, moment, 10);
    RETURN NEXT;

    form := 'custom plan';
    EXECUTE 'PREPARE regress_window (text, timestamptz, timestamptz) AS ' || format(statement, '$1', '$2', '$3');
    SET LOCAL plan_cache_mode = force_custom_plan;
    verdict := pg_temp.judge(pg_temp.ran('EXECUTE regress_window (''u7'', ''2025-06-01 00:00+00'', ''2025-06-11 00:00+00'')'), learner, moment, 10);
    RETURN NEXT;

    form := 'generic plan';
    SET LOCAL plan_cache_mode = force_generic_plan;
    verdict := pg_temp.judge(pg_temp.ran('EXECUTE regress_window (''u7'', ''2025-06-01 00:00+00'', ''2025-06-11 00:00+00'')'), learner, moment, 10);
    IF (SELECT p.generic_plans FROM pg_prepared_statements p WHERE p.name = 'regress_window') = 0 THEN
        verdict := 'no generic plan was made';
    END IF;
    RETURN NEXT;
    SET LOCAL plan_cache_mode = auto;
    DEALLOCATE regress_window;

    form := 'joined';
    verdict := pg_temp.judge(pg_temp.ran('SELECT w.id FROM (SELECT ''u7''::text OFFSET 0) AS l (learner), '
                                         'btwin.behavioral_events_window(l.learner, ''2025-06-01 00:00+00'', ''2025-06-11 00:00+00'') AS w'), learner, moment, 10);
    RETURN NEXT;
END
$$;

-- The same inside PL/pgSQL, whose plan no EXPLAIN shows: the counters of this
-- transaction say how the table was read.
CREATE FUNCTION pg_temp.count_in_window(learner text, from_at timestamptz, to_at timestamptz) RETURNS bigint LANGUAGE plpgsql STABLE AS $$
DECLARE
    found_count bigint;
BEGIN
    SELECT count(w.event_type) INTO found_count FROM btwin.behavioral_events_window(learner, from_at, to_at) AS w;
    RETURN found_count;
END
$$;
-- rows read through indexes and sequential scans of the table or its partitions
CREATE FUNCTION pg_temp.counters(OUT fetched numeric, OUT seq_scans numeric) LANGUAGE sql VOLATILE AS $$
    SELECT sum(s.idx_tup_fetch), sum(s.seq_scan) FROM pg_stat_xact_user_tables s
    WHERE s.schemaname = 'regress_app' AND s.relname ~ '^(behavioral_events|events_[0-9]+)$'
$$;
CREATE FUNCTION pg_temp.inside(reader name) RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    before record;
    after record;
    found_count bigint;
BEGIN
    before := pg_temp.counters();
    SET LOCAL plan_cache_mode = force_generic_plan;
    PERFORM set_config('role', reader, true);
    found_count := pg_temp.count_in_window('u7', '2025-06-01 00:00+00', '2025-06-11 00:00+00');
    PERFORM set_config('role', 'none', true);
    SET LOCAL plan_cache_mode = auto;
    after := pg_temp.counters();
    RETURN format('%s rows counted, %s fetched, %s sequential scans', found_count, after.fetched - before.fetched, after.seq_scans - before.seq_scans);
END
$$;
SELECT set_config('app.current_user_id', 'u7', true);
GRANT ALL ON ALL TABLES IN SCHEMA pg_temp TO regress_learner;

-- 1. Created tables
CREATE SCHEMA regress_app;
SELECT lives_ok($$ SELECT btwin.attach('regress_app') $$, 'created tables');
INSERT INTO regress_app.users (id) SELECT DISTINCT learner FROM made;
SET LOCAL session_replication_role = replica;   -- no foreign key is checked while loading
INSERT INTO regress_app.behavioral_events (id, user_id, event_type, event_data, timestamp) SELECT id, learner, 'GRAPH_VIEWED', '{}', at FROM made ORDER BY at;
RESET session_replication_role;
ANALYZE regress_app.behavioral_events;
SELECT is(verdict, 'as wanted', 'created, superuser: ' || form) FROM pg_temp.forms('user_id', '"timestamp"');
SELECT is(pg_temp.inside(current_user), '10 rows counted, 10 fetched, 0 sequential scans', 'created, superuser: inside PL/pgSQL');

GRANT USAGE ON SCHEMA regress_app TO regress_learner;
GRANT SELECT ON ALL TABLES IN SCHEMA regress_app, btwin TO regress_learner;
ALTER TABLE regress_app.behavioral_events ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON regress_app.behavioral_events USING (user_id = current_setting('app.current_user_id', true));
SET LOCAL ROLE regress_learner;
SELECT is(verdict, 'as wanted', 'created, learner: ' || form) FROM pg_temp.forms('user_id', '"timestamp"');
SELECT is((SELECT count(*) FROM btwin.behavioral_events_window('u8', '-infinity', 'infinity')), 0::bigint, 'created, learner: another learner is not seen');
SELECT is((SELECT count(*) FROM btwin.behavioral_events), 200::bigint, 'created, learner: through the view neither');
RESET ROLE;
SELECT is(pg_temp.inside('regress_learner'), '10 rows counted, 10 fetched, 0 sequential scans', 'created, learner: inside PL/pgSQL');

-- every window function of the 32 is inlined and served by an index; on empty tables the planner needs a nudge
CREATE FUNCTION pg_temp.all_windows(camel boolean) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    t record;
    verdict text;
BEGIN
    SET LOCAL enable_seqscan = off;
    SET LOCAL enable_bitmapscan = off;
    FOR t IN SELECT d.*, m.reference_name AS moment_reference FROM btwin.domain_table d
             JOIN btwin.domain_column m ON m.table_name = d.table_name AND m.column_name = d.moment_column
             WHERE d.learner_column = 'user_id' AND d.moment_column IS NOT NULL LOOP
        verdict := pg_temp.judge(pg_temp.planned(format('SELECT * FROM btwin.%I(''u7'', ''2025-06-01 00:00+00'', ''2025-06-11 00:00+00'')', t.table_name || '_window')),
                                 CASE WHEN camel AND t.table_name <> 'prediction_feedback' THEN '"userId"' ELSE 'user_id' END,
                                 quote_ident(CASE WHEN camel AND t.table_name <> 'prediction_feedback' THEN t.moment_reference ELSE t.moment_column END), NULL);
        IF verdict <> 'as wanted' THEN
            RETURN NEXT t.table_name || ': ' || verdict;
        END IF;
    END LOOP;
    SET LOCAL enable_seqscan = on;
    SET LOCAL enable_bitmapscan = on;
END
$$;
SELECT is_empty('SELECT pg_temp.all_windows(false)', 'created: all 32 windows are inlined and indexed');

-- what is measured can fail: the view with the same condition is read row by row under policies where it converts,
-- and without the indexes nothing is as wanted
DROP INDEX regress_app.btwin_behavioral_events_time, regress_app.btwin_behavioral_events_type_time;
SELECT isnt(verdict, 'as wanted', 'created: without the index nothing is as wanted: ' || form) FROM pg_temp.forms('user_id', '"timestamp"') LIMIT 1;
SELECT lives_ok($$ SELECT btwin.detach(drop_data => true) $$, 'detach');
DROP SCHEMA regress_app CASCADE;

-- 2. Adopted tables in the reference's own spelling
CREATE SCHEMA regress_app;
SET LOCAL search_path = regress_app;
\ir ../data/adoption_fixture.sql
RESET search_path;
SELECT lives_ok($$ SELECT btwin.attach('regress_app') $$, 'adopted tables');
INSERT INTO regress_app.users ("id", "updatedAt") SELECT DISTINCT learner, timestamp '2025-01-01' FROM made;
SET LOCAL session_replication_role = replica;
INSERT INTO regress_app.behavioral_events ("id", "userId", "eventType", "eventData", "timestamp") SELECT id, learner, 'GRAPH_VIEWED', '{}', at AT TIME ZONE 'UTC' FROM made ORDER BY at;
RESET session_replication_role;
ANALYZE regress_app.behavioral_events;
SELECT is(verdict, 'as wanted', 'adopted, superuser: ' || form) FROM pg_temp.forms('"userId"', '"timestamp"');
SELECT is(pg_temp.inside(current_user), '10 rows counted, 10 fetched, 0 sequential scans', 'adopted, superuser: inside PL/pgSQL');
GRANT USAGE ON SCHEMA regress_app TO regress_learner;
GRANT SELECT ON ALL TABLES IN SCHEMA regress_app, btwin TO regress_learner;
ALTER TABLE regress_app.behavioral_events ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON regress_app.behavioral_events USING ("userId" = current_setting('app.current_user_id', true));
SET LOCAL ROLE regress_learner;
SELECT is(verdict, 'as wanted', 'adopted, learner: ' || form) FROM pg_temp.forms('"userId"', '"timestamp"');
SELECT is((SELECT count(*) FROM btwin.behavioral_events), 200::bigint, 'adopted, learner: the view shows the own rows');
-- this is why the windows exist: through the converting view the time is no index condition
SELECT is(pg_temp.judge(pg_temp.ran($$ SELECT id FROM btwin.behavioral_events WHERE user_id = 'u7' AND timestamp >= '2025-06-01 00:00+00' AND timestamp < '2025-06-11 00:00+00' $$),
                        '"userId"', '"timestamp"', 10), 'index condition lacks learner or time', 'adopted, learner: the view would read all of the learner''s rows');
RESET ROLE;
SELECT is(pg_temp.inside('regress_learner'), '10 rows counted, 10 fetched, 0 sequential scans', 'adopted, learner: inside PL/pgSQL');
SELECT is_empty('SELECT pg_temp.all_windows(true)', 'adopted: all 32 windows are inlined and indexed');
SELECT lives_ok($$ SELECT btwin.detach() $$, 'detach');

-- 3. A partitioned table, one partition a month
ALTER TABLE regress_app.behavioral_events RENAME TO events_once;
CREATE TABLE regress_app.behavioral_events (LIKE regress_app.events_once INCLUDING DEFAULTS, PRIMARY KEY ("id", "timestamp")) PARTITION BY RANGE ("timestamp");
SELECT lives_ok(format('CREATE TABLE regress_app.events_%s PARTITION OF regress_app.behavioral_events FOR VALUES FROM (%L) TO (%L)', m, month, month + interval '1 month'), 'partition ' || m)
FROM (SELECT m, timestamp '2025-01-01' + (m - 1) * interval '1 month' AS month FROM generate_series(1, 14) AS m) AS months WHERE m <= 1
UNION ALL
SELECT lives_ok(string_agg(format('CREATE TABLE regress_app.events_%s PARTITION OF regress_app.behavioral_events FOR VALUES FROM (%L) TO (%L)', m, month, month + interval '1 month'), '; '), 'the other partitions')
FROM (SELECT m, timestamp '2025-01-01' + (m - 1) * interval '1 month' AS month FROM generate_series(2, 14) AS m) AS months;
SET LOCAL session_replication_role = replica;
INSERT INTO regress_app.behavioral_events SELECT * FROM regress_app.events_once;
RESET session_replication_role;
SELECT is((SELECT detail FROM btwin.attach('regress_app') WHERE object = 'regress_app.behavioral_events'), 'partitioned table, 15 columns, 13 in camelCase, 3 of enum type', 'a partitioned table is adopted');
ANALYZE regress_app.behavioral_events;
SELECT is(verdict, 'as wanted', 'partitioned, superuser: ' || form) FROM pg_temp.forms('"userId"', '"timestamp"');
SELECT is(pg_temp.inside(current_user), '10 rows counted, 10 fetched, 0 sequential scans', 'partitioned, superuser: inside PL/pgSQL');
SELECT is((SELECT count(*) FROM pg_temp.nodes(pg_temp.planned($$ SELECT * FROM btwin.behavioral_events_window('u7', '2025-06-01 00:00+00', '2025-06-11 00:00+00') $$)) WHERE relation ~ '^events'), 1::bigint,
    'constants: planned for one partition of 14');
GRANT SELECT ON ALL TABLES IN SCHEMA regress_app, btwin TO regress_learner;
ALTER TABLE regress_app.behavioral_events ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON regress_app.behavioral_events USING ("userId" = current_setting('app.current_user_id', true));
CREATE FUNCTION pg_temp.pruned() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    verdict text;
BEGIN
    PREPARE regress_window (text, timestamptz, timestamptz) AS SELECT id FROM btwin.behavioral_events_window($1, $2, $3);
    SET LOCAL plan_cache_mode = force_generic_plan;
    SELECT format('%s partition read, %s removed', count(*) FILTER (WHERE relation ~ '^events'), sum(subplans_removed)) INTO verdict
    FROM pg_temp.nodes(pg_temp.ran('EXECUTE regress_window (''u7'', ''2025-06-01 00:00+00'', ''2025-06-11 00:00+00'')'));
    SET LOCAL plan_cache_mode = auto;
    DEALLOCATE regress_window;
    RETURN verdict;
END
$$;
SELECT is(pg_temp.pruned(), '1 partition read, 13 removed', 'generic plan: one partition of 14');
SET LOCAL ROLE regress_learner;
SELECT is(verdict, 'as wanted', 'partitioned, learner: ' || form) FROM pg_temp.forms('"userId"', '"timestamp"');
SELECT is(pg_temp.pruned(), '1 partition read, 13 removed', 'generic plan of a learner: one partition of 14');
RESET ROLE;
SELECT is(pg_temp.inside('regress_learner'), '10 rows counted, 10 fetched, 0 sequential scans', 'partitioned, learner: inside PL/pgSQL');

SELECT * FROM finish();
ROLLBACK;
