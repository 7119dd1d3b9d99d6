-- The guard of the install script: a schema that somebody else owns is
-- refused, one's own is adopted.
DROP EXTENSION btwin;
DROP SCHEMA IF EXISTS btwin;
SELECT plan(5);

SELECT hasnt_schema('btwin', 'nothing is there yet');

CREATE ROLE regress_guard_other;
CREATE SCHEMA btwin AUTHORIZATION regress_guard_other;
SELECT throws_ok('CREATE EXTENSION btwin', '42P06', 'schema "btwin" belongs to role "regress_guard_other"',
    'a planted schema is refused');
SELECT hasnt_schema('btwin_api', 'a refusal leaves nothing behind');

ALTER SCHEMA btwin OWNER TO CURRENT_USER;
SELECT lives_ok('CREATE EXTENSION btwin', 'one''s own schema is adopted');
SELECT has_schema('btwin_api', 'the other schemas are made');

SELECT * FROM finish();
DROP ROLE regress_guard_other;
