-- attach over tables that exist: the reference's own spelling, snake_case, both mixed.
BEGIN;
SET LOCAL client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS btwin;
\ir ../data/adoption_helpers.sql
SELECT plan(45);
SET LOCAL TimeZone = 'Asia/Tokyo';   -- what is stored as UTC must not be read in the session's zone

-- The reference's own spelling
CREATE SCHEMA regress_app;
SET LOCAL search_path = regress_app;
\ir ../data/adoption_fixture.sql
\ir ../data/adoption_rows.sql
RESET search_path;
CREATE TEMP TABLE before_attach AS SELECT * FROM pg_temp.catalog_snapshot() AS s (line) WHERE line ~ 'regress_app' AND line !~ '^schema|^comment|prediction_feedback';

CREATE TEMP TABLE first_call AS SELECT * FROM btwin.attach('regress_app');
-- All tables but prediction_feedback exist. Of the 49 indexes 18 exist: numbers 1
-- to 16, and (userId, respondedAt) of validation_responses, (userId, date) of exams.
SELECT results_eq($$ SELECT kind, action, count(*)::int FROM first_call WHERE kind <> 'schema' GROUP BY 1, 2 ORDER BY kind COLLATE "C", action COLLATE "C" $$,
    $$ VALUES ('bi', 'created', 15), ('function', 'created', 41), ('index', 'created', 31), ('index', 'found', 18), ('jobs', 'created', 4), ('record', 'created', 10), ('settings', 'created', 3), ('store', 'created', 9),
              ('table', 'adopted', 43), ('table', 'created', 1), ('trigger', 'created', 33), ('view', 'created', 44) $$, 'tables are adopted, the missing one is created');
SELECT is(detail, 'table, 14 columns, 11 in camelCase, 2 of enum type', 'what was found is said')
FROM first_call WHERE object = 'regress_app.learning_objectives';
SELECT is_empty($$ SELECT * FROM btwin.attach('regress_app') WHERE action <> 'found' $$, 'a second call finds all');
SELECT is_empty($$ SELECT line FROM before_attach EXCEPT SELECT * FROM pg_temp.catalog_snapshot() $$, 'the tables of the application are as they were');
SELECT is_empty($$ SELECT s FROM pg_temp.catalog_snapshot() s WHERE s ~ 'regress_app' AND s !~ '^schema|^comment|RI_ConstraintTrigger|prediction_feedback|btwin' EXCEPT SELECT line FROM before_attach $$,
    'nothing was added to them but indexes named btwin and the far ends of foreign keys');

-- Indexes: 1 to 16 are served by the application's own, 17 to 27 were made.
-- performance_metrics has (userId, date), but not what number 25 carries beside it.
SELECT results_eq($$ SELECT number FROM btwin.index_catalog WHERE NOT created_by_attach AND number IS NOT NULL ORDER BY 1 $$, 'SELECT generate_series(1, 16)',
    'indexes 1 to 16 are served');
SELECT is(served_by, 'behavioral_events_userId_eventType_timestamp_idx', 'the catalog names the one that serves') FROM btwin.index_catalog WHERE number = 9;
SELECT matches(note, 'enum column "eventType".*not leakproof', 'and warns of the enum') FROM btwin.index_catalog WHERE number = 9;
SELECT is(columns, '("userId", "eventType", "timestamp")', 'in the spelling of the table') FROM btwin.index_catalog WHERE number = 9;
SELECT is(detail, 'number 9, behavioral_events ("userId", "eventType", "timestamp"), served by "behavioral_events_userId_eventType_timestamp_idx"', 'so does attach')
FROM first_call WHERE object = 'regress_app.btwin_behavioral_events_type_time';

-- Reading. Session se1 began at 23:30:00.123 UTC.
SELECT is(started_at, timestamptz '2026-03-09 23:30:00.123+00', 'a timestamp is read as UTC') FROM btwin.study_sessions WHERE id = 'se1';
SELECT is(event_type, 'SESSION_STARTED'::text, 'an enum is read as text') FROM btwin.behavioral_events WHERE id = 'ev1';
SELECT is(processing_status, 'EMBEDDING_FAILED'::text, 'under its snake_case name') FROM btwin.lectures WHERE id = 'le2';
SELECT is(evidence, '{late,often}'::text[], 'a list is read as a list') FROM btwin.behavioral_patterns WHERE id = 'pa1';
SELECT is_empty($$ SELECT d.table_name, d.column_name FROM btwin.domain_column d JOIN btwin.domain_type y ON y.type_class = d.type_class
    LEFT JOIN pg_attribute a ON a.attrelid = format('btwin.%I', d.table_name)::regclass AND a.attname = d.column_name
    WHERE NOT d.secret AND format_type(a.atttypid, NULL) IS DISTINCT FROM y.shown_as $$, 'adapter views have the same types as over created tables');
SELECT is_empty($$ SELECT v.table_name, v.column_name FROM information_schema.columns v WHERE v.table_schema = 'btwin' AND (v.column_name ~ 'oken' OR v.column_name ~ '[A-Z]') $$,
    'no token, no camelCase');
SELECT ok(to_jsonb(c) ->> 'calendar_provider' = 'GOOGLE' AND to_jsonb(c)::text !~ 'secret', 'a calendar is shown without its secrets') FROM btwin.calendar_integrations c;
SELECT hasnt_column('btwin'::name, 'behavioral_events'::name, 'client_version'::name, 'columns of the application''s own are left alone');

-- Windows are half open: re2 lies in the last millisecond of the day
SELECT is((SELECT array_agg(id ORDER BY id) FROM btwin.reviews_window('u1', '2026-03-09 00:00+00', '2026-03-10 00:00+00')), '{re1,re2}', 'the day holds its last millisecond');
SELECT is((SELECT array_agg(id ORDER BY id) FROM btwin.reviews_window('u1', '2026-03-09 23:31:00+00', '2026-03-09 23:59:59.999+00')), '{re1}', 'from is within, to is not');
SELECT is((SELECT array_agg(id ORDER BY id) FROM btwin.reviews_window('u1', '2026-03-09 23:31:00.000001+00', '2026-03-10 00:00:00+00')), '{re2}', 'to the microsecond');
SELECT is((SELECT count(*) FROM btwin.reviews_window('u1', '-infinity', 'infinity')), 2::bigint, 'infinite bounds give all');
SELECT is((SELECT count(*) FROM btwin.reviews_window('u2', '-infinity', 'infinity')), 0::bigint, 'of that learner alone');
SELECT is((SELECT count(*) FROM btwin.reviews_window('u1', NULL, 'infinity')), 0::bigint, 'NULL gives none');
SELECT is((SELECT array_agg(DISTINCT w.event_type ORDER BY w.event_type) FROM btwin.users u, btwin.behavioral_events_window(u.id, '2026-03-09 15:00+00', '2026-03-10 15:00+00') w),
    '{SESSION_ENDED,SESSION_STARTED}', 'named arguments or not, joined to learners');
SELECT is((SELECT rating FROM btwin.reviews_window(user_id => 'u1', from_at => '2026-03-09 23:00+00', to_at => '2026-03-09 23:40+00')), 'GOOD'::text, 'arguments have names');

-- An empty search_path
SET LOCAL search_path = '';
CREATE TEMP TABLE empty_path AS SELECT
    (SELECT pg_catalog.count(*) FROM btwin.attach('regress_app') WHERE action OPERATOR(pg_catalog.<>) 'found') AS not_found,
    (SELECT pg_catalog.count(*) FROM btwin.behavioral_events_window('u1', '-infinity', 'infinity')) AS in_window,
    (SELECT pg_catalog.count(*) FROM btwin.behavioral_events) AS in_view,
    (SELECT pg_catalog.count(*) FROM btwin.index_catalog) AS in_catalog,
    btwin.learner_time_zone('u1') AS zone;
CREATE TEMP TABLE empty_path_detach AS
SELECT pg_catalog.count(*) AS dropped FROM btwin.detach() WHERE action OPERATOR(pg_catalog.=) 'dropped';
RESET search_path;
SELECT is(not_found, 0::bigint, 'attach works with an empty search_path') FROM empty_path;
SELECT is(in_window, 2::bigint, 'so do windows') FROM empty_path;
SELECT is(in_view, 3::bigint, 'views') FROM empty_path;
SELECT is(in_catalog, 49::bigint, 'the index catalog') FROM empty_path;
SELECT is(zone, 'UTC', 'time zones') FROM empty_path;
SELECT is(dropped, 197::bigint, 'and detach: 44 views, 41 functions, 31 indexes, 54 triggers, 27 relations of BI') FROM empty_path_detach;

-- snake_case, text and timestamptz, made by somebody else; varchar keys
CREATE SCHEMA regress_snake;
CREATE TABLE regress_snake.study_sessions (id varchar(30) PRIMARY KEY, user_id varchar(30) NOT NULL, mission_id text, started_at timestamptz(3), completed_at timestamptz,
    duration_ms smallint, reviews_completed int, new_cards_studied int, session_notes varchar(100), current_objective_index int, mission_objectives json, objective_completions jsonb);
CREATE INDEX sessions_by_user ON regress_snake.study_sessions (user_id, started_at, id);
-- mixed: both spellings in one table, a domain, an enum that knows more values, numeric and real
CREATE DOMAIN regress_snake.score AS numeric CHECK (VALUE >= 0);
CREATE TYPE regress_snake.level AS ENUM ('NONE', 'LOW', 'MEDIUM', 'HIGH', 'CRITICAL');
CREATE TABLE regress_snake.burnout_risk_assessments (id text PRIMARY KEY, "userId" text, risk_score regress_snake.score, "riskLevel" regress_snake.level,
    contributing_factors jsonb, "warningSignals" jsonb, recommendations text[], confidence real, "assessmentDate" timestamp, intervention_applied boolean, "interventionId" text);
CREATE INDEX partial_one ON regress_snake.burnout_risk_assessments ("userId", "assessmentDate", "riskLevel") WHERE confidence > 0.5;
CREATE INDEX other_order ON regress_snake.burnout_risk_assessments ("assessmentDate", "userId", "riskLevel");
CREATE INDEX pattern_ops ON regress_snake.burnout_risk_assessments ("userId" text_pattern_ops, "assessmentDate", "riskLevel");
CREATE INDEX hashed ON regress_snake.burnout_risk_assessments USING hash ("riskLevel");
CREATE INDEX expression_one ON regress_snake.burnout_risk_assessments (lower("userId"), "assessmentDate", "riskLevel");
CREATE TEMP TABLE snake_call AS SELECT * FROM btwin.attach('regress_snake', default_time_zone => 'Europe/Berlin');
SELECT is((SELECT count(*) FROM snake_call WHERE kind = 'table' AND action = 'adopted'), 2::bigint, 'two tables are adopted');
SELECT is((SELECT count(*) FROM snake_call WHERE kind = 'table' AND action = 'created'), 42::bigint, 'the others are created');
SELECT is(detail, 'table, 12 columns', 'snake_case needs no translation') FROM snake_call WHERE object = 'regress_snake.study_sessions';
SELECT is(detail, 'table, 11 columns, 5 in camelCase, 1 of enum type', 'a mixed table some') FROM snake_call WHERE object = 'regress_snake.burnout_risk_assessments';
SELECT is(served_by, 'sessions_by_user', 'a longer index serves') FROM btwin.index_catalog WHERE number = 24;
SELECT is(array_agg(created_by_attach ORDER BY number), '{t,t}', 'a partial one, another order or operator class, a hash or an expression do not') FROM btwin.index_catalog WHERE number IN (13, 21);
INSERT INTO regress_snake.users (id) VALUES ('u1');
INSERT INTO regress_snake.study_sessions (id, user_id, started_at) VALUES ('se', 'u1', '2026-03-09 23:30+00');
INSERT INTO regress_snake.burnout_risk_assessments (id, "userId", risk_score, "riskLevel", "assessmentDate") VALUES ('bu', 'u1', 12.5, 'NONE', '2026-03-09 23:30');
SELECT is((SELECT count(*) FROM btwin.study_sessions_window('u1', '2026-03-09 23:30+00', '2026-03-09 23:31+00')), 1::bigint, 'the window reads timestamptz');
SELECT results_eq($$ SELECT risk_score, risk_level, assessment_date FROM btwin.burnout_risk_assessments_window('u1', '2026-03-09 23:30+00', '2026-03-09 23:31+00') $$,
    $$ VALUES (12.5::float8, 'NONE'::text, timestamptz '2026-03-09 23:30+00') $$, 'and timestamp beside it');
SELECT ok(EXISTS (SELECT FROM pg_constraint WHERE conrelid = 'regress_snake.reviews'::regclass AND confrelid = 'regress_snake.study_sessions'::regclass), 'created tables refer to adopted ones');
SELECT is(btwin.learner_time_zone('u1'), 'Europe/Berlin', 'the default zone of attach');

-- reported only
SELECT lives_ok('SELECT btwin.detach()', 'detach');
SELECT is((SELECT count(*) FROM btwin.attach('regress_app', create_indexes => false) WHERE action = 'missing' AND detail ~ 'CREATE INDEX'), 31::bigint, 'indexes are only reported where that is wanted');
SELECT is((SELECT count(*) FROM btwin.index_catalog WHERE NOT present), 31::bigint, 'the catalog says so too');

SELECT * FROM finish();
ROLLBACK;
