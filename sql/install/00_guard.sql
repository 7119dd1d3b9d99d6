-- complain if the script is sourced in psql rather than via CREATE EXTENSION
\echo Use "CREATE EXTENSION btwin" to load this file. \quit

-- The schema named in the control file is adopted when it exists already,
-- whoever owns it. A schema that somebody else owns could hold planted
-- objects that later scripts would call, so refuse it.
DO $guard$
DECLARE
    found_owner pg_catalog.name;
BEGIN
    SELECT pg_catalog.pg_get_userbyid(n.nspowner) INTO found_owner
    FROM pg_catalog.pg_namespace n
    WHERE n.nspname OPERATOR(pg_catalog.=) 'btwin';
    IF found_owner OPERATOR(pg_catalog.<>) CURRENT_USER THEN
        RAISE EXCEPTION 'schema "btwin" belongs to role "%"', found_owner
            USING ERRCODE = 'duplicate_schema',
                  DETAIL = pg_catalog.format('The extension is being created by role "%s".', CURRENT_USER),
                  HINT = 'Drop or rename that schema, or create the extension as its owner.';
    END IF;
END
$guard$;

COMMENT ON SCHEMA btwin IS
'btwin, the library: state types, aggregates, accessors, attach and the store';

CREATE SCHEMA btwin_api;
COMMENT ON SCHEMA btwin_api IS
'btwin, the endpoints: the only schema of btwin that may be exposed to the web';

CREATE SCHEMA btwin_bi;
COMMENT ON SCHEMA btwin_bi IS
'btwin, the flat views: what a BI tool is pointed at';
