-- The data model against what the domain sheet says, and against itself.
BEGIN;
SET LOCAL client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS btwin;
SELECT plan(22);

-- Sheet 1.2 names 18 supporting tables beside the research ones; 1.3 has 14
-- tables with a list of columns and 12 described in a sentence.
SELECT is(count(*)::int, 44, 'the sheet names 44 tables') FROM btwin.domain_table;
SELECT is(count(*)::int, 44, 'each has a key id') FROM btwin.domain_column WHERE column_name = 'id' AND type_class = 'id' AND not_null;

SELECT is_empty($$
    SELECT d.table_name, d.column_name, d.reference_name FROM btwin.domain_column d
    WHERE d.reference_name <> (SELECT string_agg(CASE WHEN o = 1 THEN p ELSE initcap(p) END, '' ORDER BY o)
                               FROM regexp_split_to_table(d.column_name::text, '_') WITH ORDINALITY AS s (p, o))
$$, 'the reference spells every column as the camelCase of its snake_case name');

SELECT is_empty($$
    SELECT r.* FROM btwin.domain_reference r
    JOIN btwin.domain_table t ON t.table_name = r.table_name
    JOIN btwin.domain_table o ON o.table_name = r.referenced
    WHERE o.position >= t.position AND r.table_name <> r.referenced
$$, 'a table stands after the tables it refers to');

SELECT is_empty($$
    SELECT t.table_name FROM btwin.domain_table t
    WHERE t.learner_column = 'user_id'
      AND NOT EXISTS (SELECT FROM btwin.domain_reference r
                      WHERE r.table_name = t.table_name AND r.column_name = 'user_id' AND r.referenced = 'users' AND r.on_delete = 'CASCADE')
$$, 'rows of a learner go with the learner');

SELECT is_empty($$
    SELECT t.table_name FROM btwin.domain_table t
    WHERE t.learner_via IS NOT NULL
      AND NOT EXISTS (SELECT FROM btwin.domain_reference r
                      WHERE r.table_name = t.table_name AND r.column_name = t.learner_via AND r.on_delete = 'CASCADE')
$$, 'what leads to the learner is a foreign key that cascades');

-- lectures.userId and courses.userId are the owners the sheet names
SELECT results_eq($$
    SELECT (t.table_name || '.' || t.learner_via || ' -> ' || r.referenced) COLLATE "default"
    FROM btwin.domain_table t JOIN btwin.domain_reference r ON r.table_name = t.table_name AND r.column_name = t.learner_via
    ORDER BY t.position
$$, ARRAY['learning_objectives.lecture_id -> lectures', 'objective_prerequisites.objective_id -> learning_objectives',
          'cards.course_id -> courses', 'insight_patterns.insight_id -> behavioral_insights'],
    'tables without a user column know the learner through another one');
SELECT results_eq('SELECT table_name::text COLLATE "default" FROM btwin.domain_table WHERE learner_column IS NULL AND learner_via IS NULL',
    ARRAY['validation_prompts'], 'prompts alone belong to no learner');

-- the moments the project decided on
SELECT set_eq($$
    SELECT t.table_name::text COLLATE "default", t.moment_column::text COLLATE "default" FROM btwin.domain_table t
    WHERE t.table_name IN ('study_sessions', 'reviews', 'behavioral_events', 'cognitive_load_metrics', 'missions',
                           'performance_metrics', 'validation_responses', 'personalization_outcomes')
$$, $$ VALUES ('study_sessions', 'started_at'), ('reviews', 'reviewed_at'), ('behavioral_events', 'timestamp'),
              ('cognitive_load_metrics', 'timestamp'), ('missions', 'date'), ('performance_metrics', 'date'),
              ('validation_responses', 'responded_at'), ('personalization_outcomes', 'timestamp') $$,
    'the moment that gives a row its day');
SELECT is_empty($$
    SELECT t.table_name FROM btwin.domain_table t LEFT JOIN btwin.domain_column d ON d.table_name = t.table_name AND d.column_name = t.moment_column
    WHERE t.moment_column IS NOT NULL AND d.type_class IS DISTINCT FROM 'moment'
$$, 'a moment is a column of class moment');

SELECT results_eq('SELECT column_name::text COLLATE "default" FROM btwin.domain_column WHERE secret ORDER BY 1', ARRAY['access_token', 'refresh_token'],
    'the tokens are secret, nothing else');

-- what the published logs lack (OULAD: minutes, latency; answer logs: files, answers, scheduler states)
SELECT is((SELECT count(*) FROM btwin.domain_column WHERE may_be_unknown AND not_null), 14::bigint, '14 columns may be unknown');

-- Sheet 1.1, two of the lists by hand
SELECT is(allowed, '{AGAIN,HARD,GOOD,EASY}', 'ReviewRating') FROM btwin.domain_enum WHERE enum_name = 'ReviewRating';
SELECT is(allowed, '{PENDING,CONFIRMED,FALSE_POSITIVE,MISSED,DISMISSED,RESOLVED}', 'PredictionStatus') FROM btwin.domain_enum WHERE enum_name = 'PredictionStatus';
SELECT is_empty($$ SELECT e.enum_name FROM btwin.domain_enum e
                   WHERE NOT EXISTS (SELECT FROM btwin.domain_column d WHERE d.enum_name = e.enum_name) $$, 'every list is used');
SELECT is_empty($$ SELECT e.enum_name FROM btwin.domain_enum e WHERE cardinality(e.allowed) <> (SELECT count(DISTINCT v) FROM unnest(e.allowed) v)
                   OR e.allowed::text ~ ' ' $$, 'no list repeats or pads a value');

-- Sheet 1.6: 11 composite and 5 single ones, a 17th in the endpoint notes, ten to complete 27
SELECT results_eq($$ SELECT origin, count(*)::int FROM btwin.domain_index GROUP BY origin ORDER BY min(number) NULLS LAST $$,
    $$ VALUES ('report', 16), ('report note', 1), ('completion', 10), ('additional', 22) $$, 'the 27 and the additional indexes');
SELECT results_eq('SELECT number FROM btwin.domain_index WHERE number IS NOT NULL ORDER BY 1', 'SELECT generate_series(1, 27)', 'numbered 1 to 27');
SELECT is_empty($$
    SELECT t.table_name FROM btwin.domain_table t
    WHERE t.learner_column = 'user_id' AND t.moment_column IS NOT NULL
      AND NOT EXISTS (SELECT FROM btwin.domain_index i WHERE i.table_name = t.table_name AND i.columns[1:2] = ARRAY['user_id'::name, t.moment_column])
$$, 'every window function has an index on learner and moment');
SELECT is_empty($$
    SELECT i.index_name, c FROM btwin.domain_index i, unnest(i.columns || i.include || i.descending) AS c
    WHERE NOT EXISTS (SELECT FROM btwin.domain_column d WHERE d.table_name = i.table_name AND d.column_name = c)
$$, 'indexes name declared columns');
SELECT is_empty($$
    SELECT u.table_name, c FROM btwin.domain_unique u, unnest(u.columns) AS c
    WHERE NOT EXISTS (SELECT FROM btwin.domain_column d WHERE d.table_name = u.table_name AND d.column_name = c)
$$, 'unique keys name declared columns');

-- types and their support functions are the families' affair
SELECT is_empty($$
    SELECT pg_describe_object(p.classid, p.objid, 0) FROM pg_depend p
    WHERE p.refclassid = 'pg_extension'::regclass AND p.refobjid = (SELECT oid FROM pg_extension WHERE extname = 'btwin') AND p.deptype = 'e'
      AND p.classid IN ('pg_proc'::regclass, 'pg_class'::regclass)
      AND NOT EXISTS (SELECT FROM pg_class c WHERE p.classid = 'pg_class'::regclass AND c.oid = p.objid AND c.relkind NOT IN ('r', 'v'))
      AND NOT EXISTS (SELECT FROM pg_proc f JOIN pg_language l ON l.oid = f.prolang WHERE p.classid = 'pg_proc'::regclass AND f.oid = p.objid AND l.lanname = 'c')
      AND obj_description(p.objid, p.classid::regclass::name) IS NULL
$$, 'every table, view and SQL function of the extension has a comment');

SELECT * FROM finish();
ROLLBACK;
