-- What attach refuses, each with one precise error, and that nothing is changed by it.
BEGIN;
SET LOCAL client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS btwin;
\ir ../data/adoption_helpers.sql
SELECT plan(59);

CREATE SCHEMA regress_app;
SET LOCAL search_path = regress_app;
\ir ../data/adoption_fixture.sql
\ir ../data/adoption_rows.sql
RESET search_path;

-- Does something to the application's tables, tries to attach, undoes it; gives
-- the error as one text and whether the catalog was touched.
CREATE FUNCTION pg_temp.refusal(preparation text, arguments text DEFAULT '''regress_app''',
    OUT state text, OUT message text, OUT detail text, OUT hint text, OUT located text, OUT untouched boolean) LANGUAGE plpgsql AS $$
DECLARE
    before text[];
    in_table text;
    in_column text;
BEGIN
    EXECUTE preparation;
    before := ARRAY(SELECT s FROM pg_temp.catalog_snapshot() s ORDER BY s);
    BEGIN
        EXECUTE 'SELECT btwin.attach(' || arguments || ')';
        state := '00000';
        RAISE EXCEPTION 'attached' USING ERRCODE = 'P0099';
    EXCEPTION WHEN OTHERS THEN
        GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT,
                                in_table = TABLE_NAME, in_column = COLUMN_NAME;
    END;
    located := in_table || '.' || in_column;
    untouched := before = ARRAY(SELECT s FROM pg_temp.catalog_snapshot() s ORDER BY s);
    RAISE EXCEPTION 'undo' USING ERRCODE = 'P0098';
EXCEPTION WHEN SQLSTATE 'P0098' THEN
    RETURN;
END
$$;

-- a column that is missing
CREATE TEMP TABLE r AS SELECT * FROM pg_temp.refusal('ALTER TABLE regress_app.reviews DROP COLUMN "reviewedAt"');
SELECT is(state, '42703', 'a missing column is refused') FROM r;
SELECT is(message, 'table regress_app.reviews has no column reviewed_at or "reviewedAt"', 'which') FROM r;
SELECT is(detail, 'Needed is timestamp (meant as UTC) or timestamptz: When, gives the row its day.', 'what is needed') FROM r;
SELECT matches(hint, 'Add the column', 'what to do') FROM r;
SELECT is(located, 'reviews.reviewed_at', 'in fields of its own') FROM r;
SELECT ok(untouched, 'nothing was changed') FROM r;

-- a column of another type
TRUNCATE r;
INSERT INTO r SELECT * FROM pg_temp.refusal('ALTER TABLE regress_app.reviews ALTER COLUMN "timeSpentMs" TYPE numeric(8,2)');
SELECT is(state, '42804', 'a wrong type is refused') FROM r;
SELECT is(message, 'column "timeSpentMs" of table regress_app.reviews has type numeric(8,2)', 'what was found') FROM r;
SELECT is(detail, 'Needed is integer or smallint.', 'what is needed') FROM r;
SELECT is(located, 'reviews.timeSpentMs', 'where') FROM r;
SELECT ok(untouched, 'nothing was changed') FROM r;

-- keys that are no text
TRUNCATE r;
INSERT INTO r SELECT * FROM pg_temp.refusal($$ CREATE SCHEMA regress_uuid; CREATE TABLE regress_uuid.exams (id uuid PRIMARY KEY, user_id uuid, name text, date timestamptz,
    course_id uuid, coverage_topics text[], created_at timestamptz, updated_at timestamptz) $$, $$ 'regress_uuid' $$);
SELECT is(state, '42804', 'uuid keys are refused') FROM r;
SELECT is(message, 'column id of table regress_uuid.exams has type uuid', 'the first of them') FROM r;
SELECT is(detail, E'Needed is text or varchar.\n2 more: column user_id of table regress_uuid.exams has type uuid; column course_id of table regress_uuid.exams has type uuid.', 'and the others') FROM r;
SELECT matches(hint, 'btwin keeps ids as text.*TYPE text USING', 'with a way out') FROM r;
SELECT ok(untouched, 'nothing was changed') FROM r;
TRUNCATE r;
INSERT INTO r SELECT * FROM pg_temp.refusal($$ CREATE SCHEMA regress_int; CREATE TABLE regress_int.insight_patterns (id bigint PRIMARY KEY, insight_id text, pattern_id text) $$, $$ 'regress_int' $$);
SELECT is(message, 'column id of table regress_int.insight_patterns has type bigint', 'so are integer ones') FROM r;
SELECT matches(hint, 'btwin keeps ids as text', 'with a way out') FROM r;
SELECT ok(untouched, 'nothing was changed') FROM r;

-- both spellings
TRUNCATE r;
INSERT INTO r SELECT * FROM pg_temp.refusal('ALTER TABLE regress_app.missions ADD COLUMN user_id text');
SELECT is(state, '42702', 'two spellings of one column are refused') FROM r;
SELECT is(message, 'table regress_app.missions has both columns user_id and "userId"', 'both are named') FROM r;
SELECT ok(untouched, 'nothing was changed') FROM r;

-- an enum that lacks a value
TRUNCATE r;
INSERT INTO r SELECT * FROM pg_temp.refusal($$ CREATE TYPE regress_app.old_status AS ENUM ('PENDING', 'CONFIRMED', 'FALSE_POSITIVE', 'MISSED');
    ALTER TABLE regress_app.struggle_predictions ALTER COLUMN "predictionStatus" DROP DEFAULT,
        ALTER COLUMN "predictionStatus" TYPE regress_app.old_status USING "predictionStatus"::text::regress_app.old_status $$);
SELECT is(state, '42804', 'an enum that lacks values btwin writes is refused') FROM r;
SELECT is(detail, 'btwin writes to this table; lacking: DISMISSED, RESOLVED.', 'they are named') FROM r;
SELECT matches(hint, 'ADD VALUE', 'with a way out') FROM r;
SELECT ok(untouched, 'nothing was changed') FROM r;
-- where btwin only reads, fewer values do no harm
SELECT is((pg_temp.refusal($$ CREATE TYPE regress_app.old_rating AS ENUM ('AGAIN', 'GOOD');
    ALTER TABLE regress_app.reviews ALTER COLUMN "rating" TYPE regress_app.old_rating USING "rating"::text::regress_app.old_rating $$)).message, 'attached', 'not where it only reads');

-- not a table
TRUNCATE r;
INSERT INTO r SELECT * FROM pg_temp.refusal('ALTER TABLE regress_app.exams RENAME TO exams_table; CREATE VIEW regress_app.exams AS SELECT * FROM regress_app.exams_table');
SELECT is(state, '42809', 'a view is no table') FROM r;
SELECT is(detail, 'Found is a view, needed is a table or a partitioned table.', 'what was found') FROM r;
SELECT ok(untouched, 'nothing was changed') FROM r;

-- names that are taken
TRUNCATE r;
INSERT INTO r SELECT * FROM pg_temp.refusal('CREATE INDEX btwin_reviews_reviewed ON regress_app.reviews ("cardId")');
SELECT is(state || ' ' || message, '42710 the name of index regress_app.btwin_reviews_reviewed is taken', 'the name of an index is taken') FROM r;
SELECT ok(untouched, 'nothing was changed') FROM r;
TRUNCATE r;
INSERT INTO r SELECT * FROM pg_temp.refusal('CREATE VIEW btwin.reviews AS SELECT 1 AS one');
SELECT is(state || ' ' || message, '42710 btwin.reviews exists already', 'the name of a view is taken') FROM r;
SELECT ok(untouched, 'nothing was changed') FROM r;
TRUNCATE r;
INSERT INTO r SELECT * FROM pg_temp.refusal('CREATE FUNCTION btwin.reviews_window(text, timestamptz, timestamptz) RETURNS int LANGUAGE sql AS ''SELECT 1''');
SELECT is(message, 'btwin.reviews_window(text, timestamptz, timestamptz) exists already', 'the name of a window is taken') FROM r;
SELECT ok(untouched, 'nothing was changed') FROM r;
SELECT is((pg_temp.refusal('CREATE VIEW btwin.attachment AS SELECT 1 AS one')).message, 'btwin.attachment is not a table', 'the name of the record is taken');

-- schemas
SELECT is((pg_temp.refusal('SELECT 1', $$ 'regress_none' $$)).state, '3F000', 'a schema that does not exist');
SELECT is((pg_temp.refusal('SELECT 1', $$ 'btwin' $$)).state, '22023', 'a schema of btwin');
SELECT is((pg_temp.refusal('SELECT 1', $$ 'pg_catalog' $$)).state, '22023', 'a schema of the server');
SELECT is((pg_temp.refusal('SELECT 1', $$ 'information_schema' $$)).state, '22023', 'the information schema');
TRUNCATE r;
INSERT INTO r SELECT * FROM pg_temp.refusal($$ CREATE SCHEMA regress_other; SELECT btwin.attach('regress_app') $$, $$ 'regress_other' $$);
SELECT is(state || ' ' || message, '55000 schema "regress_app" is attached already', 'a second schema') FROM r;
SELECT is(hint, 'SELECT * FROM btwin.detach()', 'with a way out') FROM r;
SELECT ok(untouched, 'nothing was changed') FROM r;

-- owners
CREATE ROLE regress_owner;
CREATE ROLE regress_other_owner;
CREATE ROLE regress_stranger;
GRANT USAGE, CREATE ON SCHEMA regress_app TO regress_owner, regress_other_owner;
TRUNCATE r;
INSERT INTO r SELECT * FROM pg_temp.refusal('ALTER TABLE regress_app.exams OWNER TO regress_owner; ALTER TABLE regress_app.reviews OWNER TO regress_other_owner');
SELECT is(state || ' ' || message, '22023 the tables in schema "regress_app" have several owners', 'several owners') FROM r;
SELECT matches(detail, 'regress_other_owner, regress_owner', 'are named') FROM r;
SELECT matches(hint, 'owner =>', 'with a way out') FROM r;
SELECT ok(untouched, 'nothing was changed') FROM r;
SELECT is((pg_temp.refusal('SELECT 1', $$ 'regress_app', owner => 'regress_nobody' $$)).state, '42704', 'an owner who does not exist');
SELECT is((pg_temp.refusal($$ SELECT btwin.attach('regress_app') $$, $$ 'regress_app', owner => 'regress_owner' $$)).message,
    format('what is attached belongs to role "%s", not to "regress_owner"', current_user), 'another owner later');
GRANT USAGE ON SCHEMA btwin, regress_app TO regress_stranger;
TRUNCATE r;
INSERT INTO r SELECT * FROM pg_temp.refusal('SET LOCAL ROLE regress_stranger');
SELECT is(state, '42501', 'somebody who owns nothing') FROM r;
SELECT is(message, format('role "regress_stranger" may not attach for role %I', current_user), 'may not attach') FROM r;
SELECT ok(untouched, 'nothing was changed') FROM r;
SELECT is((pg_temp.refusal($$ CREATE SCHEMA regress_empty; GRANT USAGE, CREATE ON SCHEMA regress_empty TO regress_stranger; SET LOCAL ROLE regress_stranger $$, $$ 'regress_empty' $$)).hint,
    'Let the owner of the extension run: GRANT USAGE, CREATE ON SCHEMA btwin TO regress_stranger', 'nor somebody who may not create in btwin');
GRANT CREATE ON SCHEMA btwin TO regress_stranger;
SELECT is((pg_temp.refusal($$ CREATE SCHEMA regress_empty; GRANT USAGE ON SCHEMA regress_empty TO regress_stranger; SET LOCAL ROLE regress_stranger $$, $$ 'regress_empty' $$)).hint,
    'GRANT CREATE ON SCHEMA regress_empty TO regress_stranger', 'or in the schema');

-- and with everything put right it attaches
SELECT is((pg_temp.refusal('SELECT 1')).message, 'attached', 'the tables as they are can be attached');

-- settings that do not fit the users of another schema
SELECT lives_ok($$ SELECT btwin.attach('regress_app'); INSERT INTO btwin.learner (user_id) VALUES ('u1'); SELECT btwin.detach() $$, 'settings are left over');
SELECT is((pg_temp.refusal('CREATE SCHEMA regress_second; CREATE TABLE regress_second.users (LIKE regress_app.users INCLUDING ALL)', $$ 'regress_second' $$)).message,
    'btwin.learner has 1 rows of learners that are not in regress_second.users', 'they must not dangle');
SELECT throws_ok('SELECT btwin.detach(NULL)', '22004', 'argument "drop_derived" must not be null', 'detach wants answers');

SELECT * FROM finish();
ROLLBACK;
