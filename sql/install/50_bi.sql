-- BI: flat views in schema btwin_bi. What they show is declared once, as rows of
-- btwin.bi_view and btwin.bi_column: statements, comments and the catalog
-- btwin_bi.catalog all come from there.
--
-- Each view that pays to be kept stands on a materialized view btwin.bi_<view>,
-- which tools need not see: they list plain views only. Materialized views take
-- no row security, so those of cohorts hold no group smaller than
-- btwin.min_cohort(), and those with a row per learner are granted to nobody.
--
-- What a materialized view holds is worked out by functions with string bodies,
-- so that nothing here stands in the way of adapter views that change. attach
-- makes all of it, detach drops it, nothing of it is the only copy of anything.

-- Settings

CREATE FUNCTION btwin._bi_setting(name text, default_value integer, minimum integer, maximum integer) RETURNS integer
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $bi_setting$
DECLARE
    found text := nullif(current_setting(name, true), '');
BEGIN
    IF found IS NULL THEN
        RETURN default_value;
    END IF;
    IF found !~ '^[0-9]{1,9}$' OR found::integer NOT BETWEEN minimum AND maximum THEN
        RAISE EXCEPTION 'setting % must be a whole number from % to %, not "%"', name, minimum, maximum, found
            USING ERRCODE = 'invalid_parameter_value',
                  HINT = format('ALTER DATABASE ... SET %s = %s', name, default_value);
    END IF;
    RETURN found::integer;
END
$bi_setting$;
COMMENT ON FUNCTION btwin._bi_setting(text, integer, integer, integer) IS
'Internal: value of a setting that is a whole number, or its default; 22023 where it is none or out of range.';

CREATE FUNCTION btwin.min_cohort() RETURNS integer
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $min_cohort$
BEGIN
    RETURN btwin._bi_setting('btwin.min_cohort', 10, 1, 1000000);
END
$min_cohort$;
COMMENT ON FUNCTION btwin.min_cohort() IS
'Learners that a group must have to be shown in a cohort view: the setting btwin.min_cohort, 1 to 1000000, by default 10. It is read when the views are refreshed, never when they are read, so that a reader cannot lower it. Error 22023 where the setting is no such number.';

CREATE FUNCTION btwin.bi_days() RETURNS integer
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $bi_days$
BEGIN
    RETURN btwin._bi_setting('btwin.bi_days', 400, 14, 4000);
END
$bi_days$;
COMMENT ON FUNCTION btwin.bi_days() IS
'Days that the BI views reach back: the setting btwin.bi_days, 14 to 4000, by default 400 (a year and the weeks to compare it with). Read when the views are refreshed. Error 22023 where the setting is no such number.';

CREATE FUNCTION btwin._bi_as_of() RETURNS timestamptz
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $bi_as_of$
DECLARE
    moment timestamptz := coalesce(nullif(current_setting('btwin.bi_as_of', true), '')::timestamptz, now());
BEGIN
    IF NOT isfinite(moment) THEN
        RAISE EXCEPTION 'setting btwin.bi_as_of must be a finite moment, not %', moment
            USING ERRCODE = 'datetime_field_overflow', HINT = 'RESET btwin.bi_as_of';
    END IF;
    RETURN moment;
END
$bi_as_of$;
COMMENT ON FUNCTION btwin._bi_as_of() IS
'Internal: the moment the BI views are worked out for: the setting btwin.bi_as_of, to replay the past, else now.';

-- Declarations

CREATE TABLE btwin.bi_view (
    view_name       name PRIMARY KEY,
    position        integer NOT NULL UNIQUE,
    layer           text NOT NULL CHECK (layer IN ('learner', 'cohort', 'server', 'dimension')),
    key_columns     name[],
    grain           text NOT NULL,
    freshness       text NOT NULL,
    comment         text NOT NULL,
    query           text NOT NULL
);
COMMENT ON TABLE btwin.bi_view IS
'The views of schema btwin_bi: btwin.attach makes them from these rows';
COMMENT ON COLUMN btwin.bi_view.view_name IS 'Name in btwin_bi; what it reads is kept in the materialized view btwin.bi_<view_name>';
COMMENT ON COLUMN btwin.bi_view.position IS 'Order of creation and refresh';
COMMENT ON COLUMN btwin.bi_view.layer IS 'learner: rows of single learners, granted to nobody; cohort: groups of at least btwin.min_cohort() learners; server: what the server counts; dimension: to join with';
COMMENT ON COLUMN btwin.bi_view.key_columns IS 'Columns that identify a row, unique index of the materialized view; NULL: not materialized, worked out when read';
COMMENT ON COLUMN btwin.bi_view.grain IS 'What a row is';
COMMENT ON COLUMN btwin.bi_view.freshness IS 'How old it may be';
COMMENT ON COLUMN btwin.bi_view.comment IS 'What it shows';
COMMENT ON COLUMN btwin.bi_view.query IS 'Statement that gives its rows';
GRANT SELECT ON btwin.bi_view TO PUBLIC;

CREATE TABLE btwin.bi_column (
    view_name       name NOT NULL REFERENCES btwin.bi_view,
    position        integer NOT NULL,
    column_name     name NOT NULL,
    data_type       text NOT NULL CHECK (data_type IN ('text', 'boolean', 'integer', 'bigint', 'double precision', 'date', 'timestamp with time zone')),
    unit            text NOT NULL,
    value_range     text NOT NULL,
    comment         text NOT NULL,
    PRIMARY KEY (view_name, position),
    UNIQUE (view_name, column_name)
);
COMMENT ON TABLE btwin.bi_column IS
'The columns of the views of schema btwin_bi; types are those that every tool reads';
COMMENT ON COLUMN btwin.bi_column.view_name IS 'View';
COMMENT ON COLUMN btwin.bi_column.position IS 'Order';
COMMENT ON COLUMN btwin.bi_column.column_name IS 'Name';
COMMENT ON COLUMN btwin.bi_column.data_type IS 'Type';
COMMENT ON COLUMN btwin.bi_column.unit IS 'Unit';
COMMENT ON COLUMN btwin.bi_column.value_range IS 'Range, or the values it takes';
COMMENT ON COLUMN btwin.bi_column.comment IS 'Meaning';
GRANT SELECT ON btwin.bi_column TO PUBLIC;

-- Statements from the declarations

CREATE FUNCTION btwin._bi_matview_statements(view_name name) RETURNS text[]
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $bi_matview_statements$
SELECT CASE WHEN v.key_columns IS NOT NULL THEN ARRAY[
           format(E'CREATE MATERIALIZED VIEW btwin.%I AS\nSELECT %s\nFROM (%s) AS q\nWITH NO DATA', 'bi_' || v.view_name,
                  (SELECT string_agg(format('q.%I::%s%s AS %1$I', c.column_name, c.data_type, CASE c.data_type WHEN 'text' THEN ' COLLATE "default"' END), ', ' ORDER BY c.position)
                   FROM btwin.bi_column c WHERE c.view_name = v.view_name AND c.column_name <> 'computed_at'),
                  v.query),
           -- plain columns, all rows: what REFRESH CONCURRENTLY asks for
           format('CREATE UNIQUE INDEX %I ON btwin.%I (%s)', 'bi_' || v.view_name || '_key', 'bi_' || v.view_name,
                  (SELECT string_agg(quote_ident(k.name), ', ' ORDER BY k.place) FROM unnest(v.key_columns) WITH ORDINALITY AS k (name, place))),
           format('COMMENT ON MATERIALIZED VIEW btwin.%I IS %L', 'bi_' || v.view_name, 'What btwin_bi.' || v.view_name || ' reads; refreshed by btwin.refresh_bi()')]
       ELSE '{}' END
FROM btwin.bi_view v WHERE v.view_name = _bi_matview_statements.view_name
$bi_matview_statements$;
COMMENT ON FUNCTION btwin._bi_matview_statements(name) IS
'Internal: the statements that make the materialized view below a BI view; none where it has none.';

-- Rows of single learners are held against the flags when they are read: who
-- opts out is gone at once, before the next refresh.
CREATE FUNCTION btwin._bi_view_statements(schema_name name, view_name name) RETURNS text[]
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $bi_view_statements$
SELECT ARRAY[
           CASE WHEN v.key_columns IS NOT NULL THEN
               format(E'CREATE VIEW btwin_bi.%I AS\nSELECT %s\nFROM btwin.%I AS q', v.view_name,
                      (SELECT string_agg(CASE WHEN c.column_name = 'computed_at'
                                         THEN format('(SELECT r.computed_at FROM btwin.bi_refresh AS r WHERE r.view_name = %L) AS computed_at', v.view_name)
                                         ELSE format('q.%I', c.column_name) END, ', ' ORDER BY c.position)
                       FROM btwin.bi_column c WHERE c.view_name = v.view_name),
                      'bi_' || v.view_name)
               || CASE WHEN v.layer = 'learner' THEN
                      (SELECT format(E'\nWHERE EXISTS (SELECT FROM %I.users AS u WHERE u.%I = q.user_id AND u.%I AND u.%I)', schema_name,
                                     min(a.found_name) FILTER (WHERE a.column_name = 'id'),
                                     min(a.found_name) FILTER (WHERE a.column_name = 'behavioral_analysis_enabled'),
                                     min(a.found_name) FILTER (WHERE a.column_name = 'include_in_analytics'))
                       FROM btwin._adoption(schema_name, 'users') a)
                  ELSE '' END
           ELSE
               format(E'CREATE VIEW btwin_bi.%I AS\nSELECT %s\nFROM (%s) AS q', v.view_name,
                      (SELECT string_agg(format('q.%I::%s%s AS %1$I', c.column_name, c.data_type, CASE c.data_type WHEN 'text' THEN ' COLLATE "default"' END), ', ' ORDER BY c.position)
                       FROM btwin.bi_column c WHERE c.view_name = v.view_name),
                      v.query)
           END,
           format('COMMENT ON VIEW btwin_bi.%I IS %L', v.view_name,
                  format('%s. Unit: see the columns. Range: %s. Grain: %s. Freshness: %s.', v.comment,
                         CASE v.layer WHEN 'learner' THEN 'learners who are analysed and counted; rows of single learners, to be granted to named roles only'
                                      WHEN 'cohort' THEN 'groups of at least btwin.min_cohort() learners who are analysed and counted'
                                      WHEN 'server' THEN 'this database'
                                      ELSE 'all' END, v.grain, v.freshness))]
       || (SELECT array_agg(format('COMMENT ON COLUMN btwin_bi.%I.%I IS %L', c.view_name, c.column_name,
                                   format('%s. Unit: %s. Range: %s. Grain: %s.', c.comment, c.unit, c.value_range, v.grain)) ORDER BY c.position)
           FROM btwin.bi_column c WHERE c.view_name = v.view_name)
FROM btwin.bi_view v WHERE v.view_name = _bi_view_statements.view_name
$bi_view_statements$;
COMMENT ON FUNCTION btwin._bi_view_statements(name, name) IS
'Internal: the statements that make a BI view with its comments.';

-- Refresh

CREATE FUNCTION btwin._refresh_bi_view(view_name name, OUT action text, OUT n_rows bigint, OUT duration_ms double precision, OUT detail text)
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
SET row_security = off
AS $refresh_bi_view$
DECLARE
    started     timestamptz := clock_timestamp();
    moment      timestamptz := btwin._bi_as_of();
    relation    regclass := to_regclass(format('btwin.%I', 'bi_' || _refresh_bi_view.view_name));
    problem     text;
    state       text;
BEGIN
    BEGIN
        IF relation IS NULL THEN
            RAISE EXCEPTION 'materialized view btwin.bi_% does not exist', _refresh_bi_view.view_name
                USING ERRCODE = 'undefined_table', HINT = 'SELECT * FROM btwin.attach()';
        END IF;
        IF (SELECT c.relispopulated FROM pg_class c WHERE c.oid = relation) THEN
            EXECUTE format('REFRESH MATERIALIZED VIEW CONCURRENTLY %s', relation);
        ELSE
            EXECUTE format('REFRESH MATERIALIZED VIEW %s', relation);
            EXECUTE format('ANALYZE %s', relation);
        END IF;
        EXECUTE format('SELECT count(*) FROM %s', relation) INTO n_rows;
        action := 'refreshed';
        duration_ms := extract(epoch FROM clock_timestamp() - started) * 1000;
        INSERT INTO btwin.bi_refresh AS r (view_name, computed_at, tried_at, duration_ms, n_rows, min_cohort, failures)
        VALUES (_refresh_bi_view.view_name, moment, started, _refresh_bi_view.duration_ms, _refresh_bi_view.n_rows, btwin.min_cohort(), 0)
        ON CONFLICT ON CONSTRAINT bi_refresh_pkey DO UPDATE
        SET computed_at = excluded.computed_at, tried_at = excluded.tried_at, duration_ms = excluded.duration_ms, n_rows = excluded.n_rows,
            min_cohort = excluded.min_cohort, failures = 0, error = NULL;
    EXCEPTION WHEN OTHERS THEN
        GET STACKED DIAGNOSTICS problem = MESSAGE_TEXT, state = RETURNED_SQLSTATE;
        action := 'failed';
        n_rows := NULL;
        duration_ms := extract(epoch FROM clock_timestamp() - started) * 1000;
        detail := format('%s (SQLSTATE %s)', problem, state);
        INSERT INTO btwin.bi_refresh AS r (view_name, tried_at, duration_ms, failures, error)
        VALUES (_refresh_bi_view.view_name, started, _refresh_bi_view.duration_ms, 1, detail)
        ON CONFLICT ON CONSTRAINT bi_refresh_pkey DO UPDATE
        SET tried_at = excluded.tried_at, duration_ms = excluded.duration_ms, failures = r.failures + 1, error = excluded.error;
    END;
END
$refresh_bi_view$;
COMMENT ON FUNCTION btwin._refresh_bi_view(name) IS
'Internal: refreshes one materialized view of BI, beside its readers where it is filled, and writes down how it went.';

CREATE FUNCTION btwin.refresh_bi()
RETURNS TABLE (view_name text, action text, n_rows bigint, duration_ms double precision, detail text)
LANGUAGE plpgsql VOLATILE ROWS 20
SET search_path = pg_catalog, pg_temp
AS $refresh_bi$
#variable_conflict use_column
DECLARE
    attached        name := btwin.require_attached();
    caller          name := current_user;
    previous_role   text := current_setting('role');
    made_by         name := (SELECT pg_get_userbyid(c.relowner) FROM pg_class c WHERE c.oid = to_regclass('btwin.bi_refresh'));
    part            name;
    outcome         record;
BEGIN
    IF made_by IS NULL THEN
        RAISE EXCEPTION 'schema "%" is attached without the BI views', attached
            USING ERRCODE = 'object_not_in_prerequisite_state',
                  DETAIL = 'They were not made, because the owner of what is attached may not create views in schema btwin_bi, or btwin was attached before there were any.',
                  HINT = 'SELECT * FROM btwin.attach()';
    END IF;
    IF NOT (SELECT r.rolsuper FROM pg_roles r WHERE r.rolname = caller)
       AND NOT pg_has_role(caller, made_by, CASE WHEN current_setting('server_version_num')::integer >= 160000 THEN 'SET' ELSE 'MEMBER' END) THEN
        RAISE EXCEPTION 'role "%" may not refresh the BI views of role "%"', caller, made_by
            USING ERRCODE = 'insufficient_privilege', HINT = format('Call btwin.refresh_bi as %I.', made_by);
    END IF;
    -- The lock is the transaction's. attach and detach hold theirs while they work.
    IF NOT pg_try_advisory_xact_lock(hashtextextended('btwin.refresh_bi', 0)) THEN
        action := 'skipped';
        detail := 'a refresh of the BI views is running';
        RETURN NEXT;
        RETURN;
    END IF;
    IF NOT pg_try_advisory_xact_lock_shared(hashtextextended('btwin.attach', 0)) THEN
        action := 'skipped';
        detail := 'attach or detach is running';
        RETURN NEXT;
        RETURN;
    END IF;
    -- as the owner, never as a superuser who calls
    IF made_by <> caller THEN
        PERFORM set_config('role', made_by::text, true);
    END IF;
    FOREACH part IN ARRAY ARRAY(SELECT b.view_name FROM btwin.bi_view b WHERE b.key_columns IS NOT NULL ORDER BY b.position) LOOP
        outcome := btwin._refresh_bi_view(part);
        view_name := part;
        action := outcome.action;
        n_rows := outcome.n_rows;
        duration_ms := outcome.duration_ms;
        detail := outcome.detail;
        IF outcome.action = 'failed' THEN
            RAISE WARNING 'BI view "%" could not be refreshed: %', part, outcome.detail USING ERRCODE = '01000';
        END IF;
        RETURN NEXT;
    END LOOP;
    IF made_by <> caller THEN
        PERFORM set_config('role', previous_role, true);
    END IF;
END
$refresh_bi$;
COMMENT ON FUNCTION btwin.refresh_bi() IS
'Refreshes what the BI views read, beside their readers; one row per view: action refreshed or failed, rows, milliseconds, and the error of one that failed, which stays as it was and stops no other (a warning too; btwin.bi_refresh keeps both). Learners who have opted out or were forgotten are in none of them afterwards. One runs at a time: for a second caller one row, action skipped, at once; so too while attach or detach runs. Works as the owner of the views, whoever calls. Errors: TW001 before attach, 42501 for a caller who is neither owner, nor a member of it, nor a superuser, 55000 where attach made no BI views.';

-- Attach

-- Looked up in the catalog: to_regclass() fails for who may not use the schema.
CREATE FUNCTION btwin._bi_kind(schema_name name, object_name name) RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $bi_kind$
SELECT c.relkind::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = _bi_kind.schema_name AND c.relname = _bi_kind.object_name
$bi_kind$;
COMMENT ON FUNCTION btwin._bi_kind(name, name) IS
'Internal: kind of a relation as in pg_class.relkind; NULL: there is none.';

CREATE FUNCTION btwin._check_bi(schema_name name, create_indexes boolean) RETURNS boolean
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $check_bi$
DECLARE
    taken record;
    known boolean := false;
BEGIN
    FOR taken IN
        SELECT n.schema_name, n.object_name, n.wanted, n.kind, btwin._bi_kind(n.schema_name, n.object_name) AS relkind
        FROM (SELECT 'btwin' AS schema_name, 'bi_' || v.view_name AS object_name, 'm' AS wanted, 'bi materialized view' AS kind
              FROM btwin.bi_view v WHERE v.key_columns IS NOT NULL
              UNION ALL
              SELECT 'btwin_bi', v.view_name, 'v', 'bi view' FROM btwin.bi_view v
              UNION ALL
              VALUES ('btwin', 'bi_refresh', 'r', 'bi table')) AS n
        WHERE btwin._bi_kind(n.schema_name, n.object_name) IS NOT NULL
    LOOP
        IF to_regclass('btwin.attached_object') IS NOT NULL THEN
            EXECUTE 'SELECT EXISTS (SELECT FROM btwin.attached_object o WHERE o.kind = $1 AND o.schema_name = $2 AND o.object_name = $3)'
            INTO known USING taken.kind, taken.schema_name, taken.object_name;
        END IF;
        IF NOT known OR taken.relkind <> taken.wanted THEN
            RAISE EXCEPTION '%.% exists already', quote_ident(taken.schema_name), quote_ident(taken.object_name)
                USING ERRCODE = 'duplicate_object',
                      DETAIL = 'It was not made by btwin.attach.',
                      HINT = 'Rename or drop it: the name is needed for a BI view.';
        END IF;
    END LOOP;
    RETURN true;
END
$check_bi$;
COMMENT ON FUNCTION btwin._check_bi(name, boolean) IS
'Internal: raises an error where the name of a BI view is taken by something else.';

-- Nobody gets at rows of single learners, or at a materialized view, by default
-- privileges: they are revoked from all but the owner.
CREATE FUNCTION btwin._bi_close(relation regclass) RETURNS boolean
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $bi_close$
DECLARE
    holder text;
BEGIN
    FOR holder IN
        SELECT DISTINCT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END
        FROM pg_class c CROSS JOIN LATERAL aclexplode(c.relacl) AS a
        WHERE c.oid = relation AND a.grantee <> c.relowner
    LOOP
        EXECUTE format('REVOKE ALL ON %s FROM %s', relation, holder);
    END LOOP;
    RETURN true;
END
$bi_close$;
COMMENT ON FUNCTION btwin._bi_close(regclass) IS
'Internal: takes every right on a relation from all but its owner.';

CREATE FUNCTION btwin._drop_bi(view_names name[]) RETURNS TABLE (object text)
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $drop_bi$
DECLARE
    part record;
BEGIN
    FOR part IN
        SELECT o.object_name AS view_name, 'bi_' || o.object_name AS matview_name
        FROM btwin.attached_object o LEFT JOIN btwin.bi_view v ON v.view_name = o.object_name
        WHERE o.kind = 'bi view' AND (view_names IS NULL OR o.object_name = ANY (view_names))
        -- one that a later version no longer has goes first
        ORDER BY v.position DESC NULLS FIRST
    LOOP
        IF btwin._bi_kind('btwin_bi', part.view_name) = 'v' THEN
            object := format('btwin_bi.%I', part.view_name);
            EXECUTE format('DROP VIEW %s', object);
            RETURN NEXT;
        END IF;
        IF btwin._bi_kind('btwin', part.matview_name) = 'm' THEN
            object := format('btwin.%I', part.matview_name);
            EXECUTE format('DROP MATERIALIZED VIEW %s', object);
            RETURN NEXT;
        END IF;
    END LOOP;
    DELETE FROM btwin.attached_object o
    WHERE o.kind IN ('bi view', 'bi materialized view')
      AND (view_names IS NULL OR CASE o.kind WHEN 'bi view' THEN o.object_name::text ELSE substr(o.object_name::text, 4) END = ANY (view_names::text[]));
END
$drop_bi$;
COMMENT ON FUNCTION btwin._drop_bi(name[]) IS
'Internal: drops BI views, NULL for all of them, and what they read; returns what was dropped.';

CREATE FUNCTION btwin._attach_bi(schema_name name, create_indexes boolean)
RETURNS TABLE (object text, kind text, action text, detail text)
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $attach_bi$
#variable_conflict use_column
DECLARE
    model       record;
    statement   text;
    wanted      text;
    remake      name[] := '{}';
    was_there   name[] := '{}';
    filled      record;
BEGIN
    kind := 'bi';
    object := 'btwin_bi';
    IF NOT (has_schema_privilege('btwin_bi', 'CREATE') AND has_schema_privilege('btwin_bi', 'USAGE')) THEN
        statement := format('GRANT USAGE, CREATE ON SCHEMA btwin_bi TO %I', current_user);
        BEGIN
            PERFORM btwin._execute_as((SELECT pg_get_userbyid(n.nspowner) FROM pg_namespace n WHERE n.nspname = 'btwin_bi'), statement);
            action := 'granted';
            detail := format('role %I makes the BI views in it', current_user);
            RETURN NEXT;
        EXCEPTION WHEN insufficient_privilege THEN
            action := 'missing';
            detail := format('no BI views: the owner of the extension must first run %s', statement);
            RETURN NEXT;
            RETURN;
        END;
    END IF;

    object := 'btwin.bi_refresh';
    action := 'found';
    detail := 'when each view was refreshed, and how';
    IF to_regclass(object) IS NULL THEN
        CREATE TABLE btwin.bi_refresh (
            view_name       name PRIMARY KEY,
            computed_at     timestamptz,
            tried_at        timestamptz NOT NULL,
            duration_ms     double precision NOT NULL,
            n_rows          bigint,
            min_cohort      integer,
            failures        integer NOT NULL,
            error           text
        );
        COMMENT ON TABLE btwin.bi_refresh IS 'The last refresh of each BI view';
        COMMENT ON COLUMN btwin.bi_refresh.view_name IS 'View of btwin_bi';
        COMMENT ON COLUMN btwin.bi_refresh.computed_at IS 'Moment for which the view was last worked out: rows before it count; NULL: never';
        COMMENT ON COLUMN btwin.bi_refresh.tried_at IS 'When it was last refreshed, or tried to';
        COMMENT ON COLUMN btwin.bi_refresh.duration_ms IS 'Milliseconds that took';
        COMMENT ON COLUMN btwin.bi_refresh.n_rows IS 'Rows after the last refresh that succeeded';
        COMMENT ON COLUMN btwin.bi_refresh.min_cohort IS 'Learners a group had to have then';
        COMMENT ON COLUMN btwin.bi_refresh.failures IS 'Refreshes that failed since then';
        COMMENT ON COLUMN btwin.bi_refresh.error IS 'Error of the last one; NULL: it succeeded';
        INSERT INTO btwin.attached_object (kind, schema_name, object_name, table_name, made)
        VALUES ('bi table', 'btwin', 'bi_refresh', '', true) ON CONFLICT DO NOTHING;
        action := 'created';
    END IF;
    RETURN NEXT;

    -- what is not there as declared, and what reads it
    FOR model IN SELECT v.* FROM btwin.bi_view v ORDER BY v.position LOOP
        wanted := array_to_string(btwin._bi_matview_statements(model.view_name) || btwin._bi_view_statements(schema_name, model.view_name), E';\n');
        IF btwin._bi_kind('btwin_bi', model.view_name) IS NOT NULL THEN
            was_there := was_there || model.view_name;
        END IF;
        IF btwin._bi_kind('btwin_bi', model.view_name) IS NULL
           OR (model.key_columns IS NOT NULL AND btwin._bi_kind('btwin', 'bi_' || model.view_name) IS NULL)
           OR NOT EXISTS (SELECT FROM btwin.attached_object o
                          WHERE o.kind = 'bi view' AND o.schema_name = 'btwin_bi' AND o.object_name = model.view_name AND o.definition = wanted)
           OR EXISTS (SELECT FROM unnest(remake) AS r (name) WHERE model.query ~ format('\mbtwin\.bi_%s\M', r.name)) THEN
            remake := remake || model.view_name;
        END IF;
    END LOOP;
    remake := remake || ARRAY(SELECT o.object_name FROM btwin.attached_object o
                              WHERE o.kind = 'bi view' AND NOT EXISTS (SELECT FROM btwin.bi_view v WHERE v.view_name = o.object_name));
    PERFORM btwin._drop_bi(remake);

    FOR model IN SELECT v.* FROM btwin.bi_view v ORDER BY v.position LOOP
        object := format('btwin_bi.%I', model.view_name);
        detail := model.grain;
        action := 'found';
        IF model.view_name = ANY (remake) THEN
            action := CASE WHEN model.view_name = ANY (was_there) THEN 'changed' ELSE 'created' END;
            FOREACH statement IN ARRAY btwin._bi_matview_statements(model.view_name) || btwin._bi_view_statements(schema_name, model.view_name) LOOP
                EXECUTE statement;
            END LOOP;
            wanted := array_to_string(btwin._bi_matview_statements(model.view_name) || btwin._bi_view_statements(schema_name, model.view_name), E';\n');
            INSERT INTO btwin.attached_object (kind, schema_name, object_name, table_name, made, definition)
            VALUES ('bi view', 'btwin_bi', model.view_name, '', true, wanted)
            ON CONFLICT (kind, schema_name, object_name) DO UPDATE SET made = true, definition = excluded.definition;
            IF model.layer = 'learner' THEN
                PERFORM btwin._bi_close(object::regclass);
            END IF;
            IF model.key_columns IS NOT NULL THEN
                INSERT INTO btwin.attached_object (kind, schema_name, object_name, table_name, made)
                VALUES ('bi materialized view', 'btwin', 'bi_' || model.view_name, '', true) ON CONFLICT DO NOTHING;
                PERFORM btwin._bi_close(format('btwin.%I', 'bi_' || model.view_name)::regclass);
                -- a fault here must not stop attach: reading says that it is empty
                filled := btwin._refresh_bi_view(model.view_name);
                IF filled.action = 'failed' THEN
                    detail := 'not filled: ' || filled.detail;
                END IF;
            END IF;
        END IF;
        RETURN NEXT;
    END LOOP;
END
$attach_bi$;
COMMENT ON FUNCTION btwin._attach_bi(name, boolean) IS
'Internal: makes and fills the BI views, anew where their declaration or the table of users changed.';

CREATE FUNCTION btwin._detach_bi(drop_derived boolean, drop_data boolean)
RETURNS TABLE (object text, kind text, action text, detail text)
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $detach_bi$
#variable_conflict use_column
BEGIN
    -- always: a materialized view that nobody refreshes would keep who opts out
    RETURN QUERY SELECT d.object, 'bi', 'dropped', NULL::text FROM btwin._drop_bi(NULL) AS d;
    IF EXISTS (SELECT FROM btwin.attached_object o WHERE o.kind = 'bi table') AND to_regclass('btwin.bi_refresh') IS NOT NULL THEN
        DROP TABLE btwin.bi_refresh;
        object := 'btwin.bi_refresh';
        kind := 'bi';
        action := 'dropped';
        RETURN NEXT;
    END IF;
    DELETE FROM btwin.attached_object o WHERE o.kind = 'bi table';
END
$detach_bi$;
COMMENT ON FUNCTION btwin._detach_bi(boolean, boolean) IS
'Internal: drops the BI views.';

INSERT INTO btwin.attach_step (position, step, check_function, attach_function, detach_function, comment) VALUES
    (70, 'bi', 'btwin._check_bi', 'btwin._attach_bi', 'btwin._detach_bi', 'the BI views');
