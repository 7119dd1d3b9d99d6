-- attach: the tables of the application, adopted or created, and what stands
-- around them. Nothing made here belongs to the extension: pg_dump, replication
-- and row security treat it as the application's own, and DROP EXTENSION takes
-- no row of it.
--
-- attach itself resolves the owner, checks everything, then walks through
-- btwin.attach_step. A later module adds its part by adding a step.

-- What adapter views call, so that they depend on the extension: DROP EXTENSION
-- refuses while a schema is attached. Constant, so the planner removes it.
CREATE FUNCTION btwin.adapter_layout() RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS 'SELECT 1';
COMMENT ON FUNCTION btwin.adapter_layout() IS
'Number of the layout of adapter views. Each of them calls this function, so that DROP EXTENSION without btwin.detach() is refused while they exist.';

CREATE TABLE btwin.attach_step (
    position        integer PRIMARY KEY,
    step            text NOT NULL UNIQUE,
    check_function  text,
    attach_function text NOT NULL,
    detach_function text NOT NULL,
    comment         text NOT NULL
);
COMMENT ON TABLE btwin.attach_step IS
'The steps of btwin.attach in order; btwin.detach walks backwards. The functions are named with their schema and called as check(schema_name name, create_indexes boolean) returns boolean, attach(schema_name name, create_indexes boolean) and detach(drop_derived boolean, drop_data boolean) return table (object text, kind text, action text, detail text), all as the role that owns the attached objects.';
COMMENT ON COLUMN btwin.attach_step.position IS 'Order';
COMMENT ON COLUMN btwin.attach_step.step IS 'Name';
COMMENT ON COLUMN btwin.attach_step.check_function IS 'Raises an error where the step could not be done; all checks run before the first change. NULL: nothing to check';
COMMENT ON COLUMN btwin.attach_step.attach_function IS 'Makes what is missing and says what it made or found';
COMMENT ON COLUMN btwin.attach_step.detach_function IS 'Removes what the step made';
COMMENT ON COLUMN btwin.attach_step.comment IS 'What the step makes';
GRANT SELECT ON btwin.attach_step TO PUBLIC;

INSERT INTO btwin.attach_step (position, step, check_function, attach_function, detach_function, comment) VALUES
    (10, 'tables',   'btwin._check_tables',  'btwin._attach_tables',   'btwin._detach_tables',   'the tables of the data model'),
    (20, 'settings', 'btwin._check_settings', 'btwin._attach_settings', 'btwin._detach_settings', 'btwin.learner'),
    (30, 'views',    'btwin._check_views',   'btwin._attach_views',    'btwin._detach_views',    'adapter views and window functions'),
    (40, 'indexes',  'btwin._check_indexes', 'btwin._attach_indexes',  'btwin._detach_indexes',  'indexes');

-- Is a schema attached?

CREATE FUNCTION btwin.attached_schema() RETURNS name
LANGUAGE plpgsql STABLE PARALLEL SAFE
AS $attached_schema$
DECLARE
    found_schema pg_catalog.name;
BEGIN
    IF pg_catalog.to_regclass('btwin.attachment') IS NOT NULL THEN
        SELECT a.schema_name INTO found_schema FROM btwin.attachment a WHERE a.detached_at IS NULL;
    END IF;
    RETURN found_schema;
END
$attached_schema$;
COMMENT ON FUNCTION btwin.attached_schema() IS
'The schema that btwin.attach attached in this database; NULL before attach and after detach.';

CREATE FUNCTION btwin.require_attached() RETURNS name
LANGUAGE plpgsql STABLE PARALLEL SAFE
AS $require_attached$
DECLARE
    found_schema pg_catalog.name := btwin.attached_schema();
BEGIN
    IF found_schema IS NULL THEN
        RAISE EXCEPTION 'btwin is not attached to a schema of this database'
            USING ERRCODE = 'TW001',
                  DETAIL = 'The tables, views and functions that btwin reads with are made by btwin.attach.',
                  HINT = 'SELECT * FROM btwin.attach()';
    END IF;
    RETURN found_schema;
END
$require_attached$;
COMMENT ON FUNCTION btwin.require_attached() IS
'The attached schema; raises SQLSTATE TW001 with the hint SELECT * FROM btwin.attach() where there is none.';

CREATE FUNCTION btwin.learner_time_zone(user_id text) RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE
AS $learner_time_zone$
DECLARE
    found_zone pg_catalog.text;
BEGIN
    IF pg_catalog.to_regclass('btwin.attachment') IS NOT NULL THEN
        SELECT coalesce((SELECT l.time_zone FROM btwin.learner l
                         WHERE l.user_id OPERATOR(pg_catalog.=) learner_time_zone.user_id),
                        a.default_time_zone)
        INTO found_zone
        FROM btwin.attachment a WHERE a.detached_at IS NULL;
    END IF;
    IF found_zone IS NULL THEN
        PERFORM btwin.require_attached();
    END IF;
    RETURN found_zone;
END
$learner_time_zone$;
COMMENT ON FUNCTION btwin.learner_time_zone(text) IS
'Time zone of a learner, an IANA name: the one in btwin.learner, else the default given to btwin.attach. Hours and weekdays are counted in it. TW001 before attach.';

-- A condition that holds for the IANA names of time zones. The server itself
-- also takes abbreviations, offsets and POSIX rules ("Foo3"), which know no
-- summer time or take a typing error for a zone; an unknown name raises 22023.
-- NULL passes.
CREATE FUNCTION btwin._time_zone_condition(expression text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $time_zone_condition$
SELECT pg_catalog.replace($condition$zone IS NULL
    OR (zone IN ('UTC', 'GMT') OR zone ~ '^(Etc/GMT[+-]([0-9]|1[0-4])|[A-Za-z_]+(/[A-Za-z_+-]+)+)$')
       AND (timestamptz '2000-01-01 00:00:00+00' AT TIME ZONE zone) IS NOT NULL$condition$, 'zone', expression)
$time_zone_condition$;
COMMENT ON FUNCTION btwin._time_zone_condition(text) IS
'Internal: SQL text of the condition that an expression is NULL or an IANA name of a time zone.';

CREATE FUNCTION btwin._check_time_zone(time_zone text) RETURNS boolean
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $check_time_zone$
DECLARE
    accepted boolean;
BEGIN
    BEGIN
        EXECUTE 'SELECT ' || btwin._time_zone_condition('$1') INTO accepted USING time_zone;
    EXCEPTION WHEN invalid_parameter_value THEN
        accepted := false;
    END;
    IF NOT accepted THEN
        RAISE EXCEPTION 'time zone "%" is not known', time_zone
            USING ERRCODE = 'invalid_parameter_value',
                  DETAIL = 'Needed is the IANA name of a zone: UTC, Europe/Berlin, Etc/GMT+5. Abbreviations and offsets are not taken.',
                  HINT = 'SELECT name FROM pg_timezone_names lists the names this server knows.';
    END IF;
    RETURN true;
END
$check_time_zone$;
COMMENT ON FUNCTION btwin._check_time_zone(text) IS
'Internal: true for the IANA name of a time zone, else 22023.';

-- Running as another role.

CREATE FUNCTION btwin._execute_as(role_name name, statement text) RETURNS boolean
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $execute_as$
DECLARE
    previous text := current_setting('role');
BEGIN
    IF role_name = current_user THEN
        EXECUTE statement;
    ELSE
        PERFORM set_config('role', role_name::text, true);
        EXECUTE statement;
        PERFORM set_config('role', previous, true);
    END IF;
    RETURN true;
END
$execute_as$;
COMMENT ON FUNCTION btwin._execute_as(name, text) IS
'Internal: runs a statement as a role the session may become.';

-- What there is: every declared column of every declared table that exists.

CREATE FUNCTION btwin._adoption(schema_name name, only_table name DEFAULT NULL)
RETURNS TABLE (table_name name, column_name name, relation oid, attnum smallint, found_name name, is_enum boolean,
               expression text, error_code text, message text, detail text, hint text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $adoption$
SELECT d.table_name, d.column_name, c.oid, f.attnum, f.attname, f.is_enum,
       CASE WHEN f.attname IS NULL
            THEN NULL
            WHEN d.type_class = 'moment' AND f.base_name = 'timestamp without time zone'
            THEN format('(t.%I AT TIME ZONE ''UTC'')', f.attname)
            WHEN f.type_name = y.shown_as
            THEN format('t.%I', f.attname)
            WHEN y.shown_as IN ('text', 'jsonb', 'text[]')
            THEN format('t.%I::pg_catalog.%s', f.attname, y.shown_as)
            ELSE format('t.%I::%s', f.attname, y.shown_as) END,
       CASE WHEN f.attname IS NULL THEN 'undefined_column'
            WHEN f.spellings > 1 THEN 'ambiguous_column'
            WHEN NOT f.accepted OR e.lacking IS NOT NULL THEN 'datatype_mismatch' END,
       CASE WHEN f.attname IS NULL
            THEN format('table %I.%I has no column %s', schema_name, d.table_name, s.spelling)
            WHEN f.spellings > 1
            THEN format('table %I.%I has both columns %I and %I', schema_name, d.table_name, d.column_name, d.reference_name)
            WHEN NOT f.accepted
            THEN format('column %I of table %I.%I has type %s', f.attname, schema_name, d.table_name, f.shown_name)
            WHEN e.lacking IS NOT NULL
            THEN format('type %s of column %I of table %I.%I lacks values', f.type_name, f.attname, schema_name, d.table_name) END,
       CASE WHEN f.attname IS NULL
            THEN format('Needed is %s: %s.', y.needed, d.comment)
            WHEN f.spellings > 1
            THEN 'They are two spellings of one column of the data model.'
            WHEN NOT f.accepted
            THEN format('Needed is %s.', y.needed)
            WHEN e.lacking IS NOT NULL
            THEN format('btwin writes to this table; lacking: %s.', array_to_string(e.lacking, ', ')) END,
       CASE WHEN f.attname IS NULL
            THEN 'Add the column, or rename the one that holds it. Other columns of the application are welcome.'
            WHEN f.spellings > 1
            THEN 'Rename or drop one of them.'
            WHEN NOT f.accepted AND d.type_class = 'id'
            THEN 'btwin keeps ids as text. Change the column and those that refer to it with ALTER TABLE ... ALTER COLUMN ... TYPE text USING ...::text.'
            WHEN NOT f.accepted
            THEN 'Change the type of the column with ALTER TABLE ... ALTER COLUMN ... TYPE.'
            WHEN e.lacking IS NOT NULL
            THEN 'Add them with ALTER TYPE ... ADD VALUE. Other values of the application are welcome.' END
FROM btwin.domain_table t
JOIN pg_class c ON c.relname = t.table_name
               AND c.relnamespace = (SELECT n.oid FROM pg_namespace n WHERE n.nspname = schema_name)
JOIN btwin.domain_column d ON d.table_name = t.table_name
JOIN btwin.domain_type y ON y.type_class = d.type_class
CROSS JOIN LATERAL (
    SELECT CASE WHEN d.column_name = d.reference_name THEN quote_ident(d.column_name)
                ELSE format('%I or %I', d.column_name, d.reference_name) END
) AS s (spelling)
LEFT JOIN LATERAL (
    SELECT a.attnum, a.attname, p.is_enum, p.base,
           format_type(a.atttypid, NULL) AS type_name,
           format_type(a.atttypid, a.atttypmod) AS shown_name,
           format_type(p.base, NULL) AS base_name,
           format_type(p.base, NULL) = ANY (y.accepted) OR (d.type_class = 'enum' AND p.is_enum) AS accepted,
           count(*) OVER () AS spellings
    FROM pg_attribute a
    CROSS JOIN LATERAL (
        SELECT b.oid, b.typtype = 'e'
        FROM pg_type o JOIN pg_type b ON b.oid = CASE WHEN o.typtype = 'd' THEN o.typbasetype ELSE o.oid END
        WHERE o.oid = a.atttypid
    ) AS p (base, is_enum)
    WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
      AND a.attname IN (d.column_name, d.reference_name)
    ORDER BY a.attname = d.column_name DESC
    LIMIT 1
) AS f ON true
LEFT JOIN LATERAL (
    SELECT array_agg(v.value ORDER BY v.ordinality)
    FROM btwin.domain_enum l, unnest(l.allowed) WITH ORDINALITY AS v (value, ordinality)
    WHERE t.written AND f.is_enum AND l.enum_name = d.enum_name
      AND NOT EXISTS (SELECT FROM pg_enum n WHERE n.enumtypid = f.base AND n.enumlabel = v.value)
) AS e (lacking) ON true
WHERE only_table IS NULL OR t.table_name = only_table
ORDER BY t.position, d.position
$adoption$;
COMMENT ON FUNCTION btwin._adoption(name, name) IS
'Internal: the declared columns of the tables that exist in a schema, or of one of them, what was found for each, the expression that shows it through an adapter view (table alias t), and the error where it cannot be adopted.';

CREATE FUNCTION btwin._column_comment(model btwin.domain_column) RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $column_comment$
SELECT concat_ws('; ', (model).comment,
                 nullif(concat_ws(', ', (model).unit,
                                  CASE WHEN num_nonnulls((model).minimum, (model).maximum) = 2 THEN (model).minimum || ' to ' || (model).maximum
                                       WHEN (model).minimum IS NOT NULL THEN 'at least ' || (model).minimum
                                       WHEN (model).maximum IS NOT NULL THEN 'at most ' || (model).maximum END), ''),
                 (SELECT array_to_string(e.allowed, ', ') FROM btwin.domain_enum e WHERE e.enum_name = (model).enum_name))
$column_comment$;
COMMENT ON FUNCTION btwin._column_comment(btwin.domain_column) IS
'Internal: the comment of a column with its unit, range and allowed values.';

-- Step: tables

CREATE FUNCTION btwin._check_tables(schema_name name, create_indexes boolean) RETURNS boolean
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $check_tables$
DECLARE
    problem record;
    others  bigint;
BEGIN
    SELECT c.relname, c.relkind INTO problem
    FROM btwin.domain_table t
    JOIN pg_class c ON c.relname = t.table_name AND c.relkind NOT IN ('r', 'p')
    JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = schema_name
    ORDER BY t.position LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION '%.% is not a table', quote_ident(schema_name), quote_ident(problem.relname)
            USING ERRCODE = 'wrong_object_type',
                  DETAIL = format('Found is a %s, needed is a table or a partitioned table.',
                                  CASE problem.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' WHEN 'f' THEN 'foreign table'
                                       WHEN 'i' THEN 'index' WHEN 'I' THEN 'partitioned index' WHEN 'S' THEN 'sequence' ELSE 'composite type' END),
                  HINT = 'Rename it, or attach the schema that holds the table itself.',
                  SCHEMA = schema_name, TABLE = problem.relname;
    END IF;

    SELECT count(*) - 1 INTO others FROM btwin._adoption(schema_name) a WHERE a.error_code IS NOT NULL;
    IF others >= 0 THEN
        SELECT * INTO problem FROM btwin._adoption(schema_name) a WHERE a.error_code IS NOT NULL LIMIT 1;
        RAISE EXCEPTION '%', problem.message
            USING ERRCODE = problem.error_code,
                  DETAIL = problem.detail || CASE WHEN others > 0
                           THEN format(E'\n%s more: %s.', others,
                                       (SELECT string_agg(m.message, '; ')
                                        FROM (SELECT a.message FROM btwin._adoption(schema_name) a
                                              WHERE a.error_code IS NOT NULL OFFSET 1 LIMIT 9) AS m)
                                       || CASE WHEN others > 9 THEN '; and so on' ELSE '' END)
                           ELSE '' END,
                  HINT = problem.hint,
                  SCHEMA = schema_name, TABLE = problem.table_name, COLUMN = coalesce(problem.found_name, problem.column_name);
    END IF;

    IF NOT has_schema_privilege(current_user, schema_name, 'CREATE')
       AND EXISTS (SELECT FROM btwin.domain_table t
                   WHERE to_regclass(format('%I.%I', schema_name, t.table_name)) IS NULL) THEN
        RAISE EXCEPTION 'role "%" may not create tables in schema %', current_user, quote_ident(schema_name)
            USING ERRCODE = 'insufficient_privilege',
                  DETAIL = format('Not all tables of the data model exist there, the first missing one is %s.',
                                  (SELECT t.table_name FROM btwin.domain_table t
                                   WHERE to_regclass(format('%I.%I', schema_name, t.table_name)) IS NULL
                                   ORDER BY t.position LIMIT 1)),
                  HINT = format('GRANT CREATE ON SCHEMA %I TO %I', schema_name, current_user);
    END IF;
    RETURN true;
END
$check_tables$;
COMMENT ON FUNCTION btwin._check_tables(name, boolean) IS
'Internal: raises an error where a table of the data model exists and cannot be adopted, or is missing and cannot be created.';

CREATE FUNCTION btwin._has_key(schema_name name, table_name name) RETURNS boolean
LANGUAGE sql STABLE STRICT
SET search_path = pg_catalog, pg_temp
AS $has_key$
SELECT EXISTS (
    SELECT FROM pg_index i
    JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attname = 'id'
    WHERE i.indrelid = to_regclass(format('%I.%I', schema_name, table_name))
      AND i.indisunique AND i.indisvalid AND i.indimmediate AND i.indpred IS NULL
      AND i.indnkeyatts = 1 AND i.indkey[0] = a.attnum)
$has_key$;
COMMENT ON FUNCTION btwin._has_key(name, name) IS
'Internal: the table has a unique key on id that a foreign key may refer to.';

CREATE FUNCTION btwin._table_statement(schema_name name, table_name name) RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $table_statement$
SELECT format(E'CREATE TABLE %I.%I (\n    %s\n)', schema_name, table_name, string_agg(p.part, E',\n    ' ORDER BY p.kind, p.position))
FROM (
    SELECT 1, d.position,
           concat_ws(' ', quote_ident(d.column_name), y.created_as,
                     CASE WHEN d.column_name = 'id' THEN 'PRIMARY KEY' WHEN d.not_null AND NOT d.may_be_unknown THEN 'NOT NULL' END,
                     'DEFAULT ' || d.default_value,
                     CASE WHEN d.type_class = 'enum'
                          THEN format('CHECK (%I IN (%s))', d.column_name,
                                      (SELECT string_agg(quote_literal(v), ', ') FROM unnest(e.allowed) AS v))
                          WHEN d.type_class = 'moment'
                          THEN format('CHECK (isfinite(%I))', d.column_name)
                          WHEN d.type_class = 'text' AND d.maximum IS NOT NULL
                          THEN format('CHECK (char_length(%I) <= %s)', d.column_name, d.maximum)
                          WHEN d.type_class = 'float'
                          THEN format('CHECK (%1$I %2$s AND %1$I %3$s)', d.column_name,
                                      coalesce('>= ' || d.minimum, '> ''-Infinity'''), coalesce('<= ' || d.maximum, '< ''Infinity'''))
                          WHEN d.type_class = 'integer' AND num_nonnulls(d.minimum, d.maximum) > 0
                          THEN format('CHECK (%s)', concat_ws(' AND ', format('%I >= ', d.column_name) || d.minimum,
                                                              format('%I <= ', d.column_name) || d.maximum)) END,
                     CASE WHEN btwin._has_key(schema_name, r.referenced)
                          THEN format('REFERENCES %I.%I (id) ON DELETE %s', schema_name, r.referenced, r.on_delete) END)
    FROM btwin.domain_column d
    JOIN btwin.domain_type y ON y.type_class = d.type_class
    LEFT JOIN btwin.domain_enum e ON e.enum_name = d.enum_name
    LEFT JOIN btwin.domain_reference r ON r.table_name = d.table_name AND r.column_name = d.column_name
    WHERE d.table_name = _table_statement.table_name
    UNION ALL
    SELECT 2, row_number() OVER (ORDER BY u.columns),
           format('UNIQUE (%s)', (SELECT string_agg(quote_ident(c), ', ' ORDER BY o) FROM unnest(u.columns) WITH ORDINALITY AS k (c, o)))
    FROM btwin.domain_unique u
    WHERE u.table_name = _table_statement.table_name
) AS p (kind, position, part)
$table_statement$;
COMMENT ON FUNCTION btwin._table_statement(name, name) IS
'Internal: the statement that creates a table of the data model.';

CREATE FUNCTION btwin._attach_tables(schema_name name, create_indexes boolean)
RETURNS TABLE (object text, kind text, action text, detail text)
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $attach_tables$
#variable_conflict use_column
DECLARE
    model     record;
    part      record;
    existing  regclass;
    statement text;
    left_out  text;
BEGIN
    FOR model IN SELECT t.* FROM btwin.domain_table t ORDER BY t.position LOOP
        object := format('%I.%I', schema_name, model.table_name);
        kind := 'table';
        existing := to_regclass(object);
        IF existing IS NOT NULL THEN
            -- an adopted table is remembered once, so that the second call finds it
            INSERT INTO btwin.attached_object (kind, schema_name, object_name, table_name, made)
            VALUES ('table', _attach_tables.schema_name, model.table_name, model.table_name, false)
            ON CONFLICT DO NOTHING;
            action := CASE WHEN FOUND THEN 'adopted' ELSE 'found' END;
            SELECT format('%s, %s columns%s%s',
                          (SELECT CASE c.relkind WHEN 'p' THEN 'partitioned table' ELSE 'table' END FROM pg_class c WHERE c.oid = existing),
                          count(*),
                          nullif(format(', %s in camelCase', count(*) FILTER (WHERE a.found_name <> a.column_name)), ', 0 in camelCase'),
                          nullif(format(', %s of enum type', count(*) FILTER (WHERE a.is_enum)), ', 0 of enum type'))
            INTO detail
            FROM btwin._adoption(schema_name, model.table_name) a;
            RETURN NEXT;
            CONTINUE;
        END IF;

        left_out := NULL;
        FOR part IN
            SELECT r.column_name, r.referenced, pg_get_userbyid(c.relowner) AS referenced_owner,
                   has_table_privilege(c.oid, 'REFERENCES') AS may_refer, btwin._has_key(schema_name, r.referenced) AS has_key
            FROM btwin.domain_reference r
            JOIN pg_class c ON c.oid = to_regclass(format('%I.%I', schema_name, r.referenced))
            WHERE r.table_name = model.table_name
        LOOP
            IF NOT part.has_key THEN
                left_out := concat_ws(', ', left_out, format('%s to %s', part.column_name, part.referenced));
            ELSIF NOT part.may_refer THEN
                PERFORM btwin._execute_as(part.referenced_owner,
                            format('GRANT REFERENCES ON TABLE %I.%I TO %I', schema_name, part.referenced, current_user));
            END IF;
        END LOOP;

        EXECUTE btwin._table_statement(schema_name, model.table_name);
        EXECUTE format('COMMENT ON TABLE %s IS %L', object, model.comment);
        FOR part IN SELECT d.column_name, btwin._column_comment(d) AS comment
                    FROM btwin.domain_column d WHERE d.table_name = model.table_name ORDER BY d.position LOOP
            EXECUTE format('COMMENT ON COLUMN %s.%I IS %L', object, part.column_name, part.comment);
        END LOOP;

        -- Deleting the row referred to would scan the table otherwise. The
        -- learner's key is served by the indexes of the index step, or here.
        FOR part IN
            SELECT r.column_name FROM btwin.domain_reference r
            WHERE r.table_name = model.table_name
              AND NOT (r.column_name = 'user_id' AND model.moment_column IS NOT NULL)
              AND NOT EXISTS (SELECT FROM btwin.domain_unique u WHERE u.table_name = r.table_name AND u.columns[1] = r.column_name)
            ORDER BY r.column_name
        LOOP
            EXECUTE format('CREATE INDEX ON %s (%I)', object, part.column_name);
        END LOOP;

        INSERT INTO btwin.attached_object (kind, schema_name, object_name, table_name, made)
        VALUES ('table', _attach_tables.schema_name, model.table_name, model.table_name, true)
        ON CONFLICT (kind, schema_name, object_name) DO UPDATE SET made = true;
        action := 'created';
        detail := (SELECT format('table, %s columns', count(*)) FROM btwin.domain_column d WHERE d.table_name = model.table_name)
                  || coalesce('; without foreign key, the table referred to has no unique key on id: ' || left_out, '');
        RETURN NEXT;
    END LOOP;
END
$attach_tables$;
COMMENT ON FUNCTION btwin._attach_tables(name, boolean) IS
'Internal: adopts or creates the tables of the data model.';

-- Step: settings

CREATE FUNCTION btwin._check_settings(schema_name name, create_indexes boolean) RETURNS boolean
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $check_settings$
DECLARE
    users   regclass := to_regclass(format('%I.users', schema_name));
    orphans bigint;
BEGIN
    -- With the key in place there are none. Under row security the count would
    -- be wrong: then the key itself is the check.
    IF to_regclass('btwin.learner') IS NULL OR users IS NULL OR NOT btwin._has_key(schema_name, 'users') OR row_security_active(users)
       OR EXISTS (SELECT FROM pg_constraint c WHERE c.conrelid = to_regclass('btwin.learner') AND c.contype = 'f' AND c.confrelid = users) THEN
        RETURN true;
    END IF;
    EXECUTE format('SELECT count(*) FROM btwin.learner l WHERE NOT EXISTS (SELECT FROM %s u WHERE u.id = l.user_id)', users)
    INTO orphans;
    IF orphans > 0 THEN
        RAISE EXCEPTION 'btwin.learner has % rows of learners that are not in %.users', orphans, quote_ident(schema_name)
            USING ERRCODE = 'foreign_key_violation',
                  DETAIL = 'btwin.learner was filled while another schema was attached, or without a key to refer to.',
                  HINT = 'Delete those rows, or empty btwin.learner, if the learners are gone.';
    END IF;
    RETURN true;
END
$check_settings$;
COMMENT ON FUNCTION btwin._check_settings(name, boolean) IS
'Internal: raises an error where btwin.learner, left over from an earlier attach, does not fit the users.';

CREATE FUNCTION btwin._attach_settings(schema_name name, create_indexes boolean)
RETURNS TABLE (object text, kind text, action text, detail text)
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $attach_settings$
DECLARE
    users    regclass := format('%I.users', schema_name)::regclass;
    key_name name;
    key_to   regclass;
BEGIN
    object := 'btwin.learner';
    kind := 'settings';
    action := 'found';
    IF to_regclass('btwin.learner') IS NULL THEN
        EXECUTE format($create$CREATE TABLE btwin.learner (
            user_id     text PRIMARY KEY,
            time_zone   text CHECK (%s),
            created_at  timestamptz NOT NULL DEFAULT now(),
            updated_at  timestamptz NOT NULL DEFAULT now()
        )$create$, btwin._time_zone_condition('time_zone'));
        COMMENT ON TABLE btwin.learner IS
        'Settings of a learner that the application has no column for';
        COMMENT ON COLUMN btwin.learner.user_id IS 'Learner';
        COMMENT ON COLUMN btwin.learner.time_zone IS 'IANA name of the zone in which hours, days and weekdays are counted; NULL: the default given to btwin.attach';
        COMMENT ON COLUMN btwin.learner.created_at IS 'When written first';
        COMMENT ON COLUMN btwin.learner.updated_at IS 'Last change, kept by the writer';
        action := 'created';
    END IF;

    SELECT c.conname, c.confrelid INTO key_name, key_to
    FROM pg_constraint c WHERE c.conrelid = 'btwin.learner'::regclass AND c.contype = 'f';
    IF key_name IS NOT NULL AND key_to <> users THEN
        EXECUTE format('ALTER TABLE btwin.learner DROP CONSTRAINT %I', key_name);
        key_name := NULL;
        action := 'changed';
    END IF;
    IF key_name IS NULL AND btwin._has_key(schema_name, 'users') THEN
        IF NOT has_table_privilege(users, 'REFERENCES') THEN
            PERFORM btwin._execute_as((SELECT pg_get_userbyid(c.relowner) FROM pg_class c WHERE c.oid = users),
                                      format('GRANT REFERENCES ON TABLE %s TO %I', users, current_user));
        END IF;
        EXECUTE format('ALTER TABLE btwin.learner ADD FOREIGN KEY (user_id) REFERENCES %s (id) ON DELETE CASCADE', users);
        IF action = 'found' THEN
            action := 'changed';
        END IF;
        key_name := 'learner_user_id_fkey';
    END IF;
    detail := CASE WHEN key_name IS NULL THEN 'without foreign key: the users have no unique key on id'
                   ELSE format('rows go with their row of %s', users) END;
    RETURN NEXT;
END
$attach_settings$;
COMMENT ON FUNCTION btwin._attach_settings(name, boolean) IS
'Internal: creates btwin.learner.';

-- attach

CREATE FUNCTION btwin.attach(
    schema_name         name    DEFAULT 'public',
    create_indexes      boolean DEFAULT true,
    owner               name    DEFAULT NULL,
    default_time_zone   text    DEFAULT NULL,
    triggers            boolean DEFAULT NULL
) RETURNS TABLE (object text, kind text, action text, detail text)
LANGUAGE plpgsql VOLATILE ROWS 200
SET search_path = pg_catalog, pg_temp
AS $attach$
#variable_conflict use_column
DECLARE
    caller          name := current_user;
    caller_is_super boolean := (SELECT r.rolsuper FROM pg_roles r WHERE r.rolname = current_user);
    member_right    text := CASE WHEN current_setting('server_version_num')::integer >= 160000 THEN 'SET' ELSE 'MEMBER' END;
    previous_role   text := current_setting('role');
    attached        name;
    made_by         name;
    table_owners    name[];
    target          name;
    missing         text;
    settings        record;
    part            record;
BEGIN
    -- arguments
    IF attach.schema_name IS NULL OR attach.create_indexes IS NULL THEN
        RAISE EXCEPTION 'argument "%" must not be null', CASE WHEN attach.schema_name IS NULL THEN 'schema_name' ELSE 'create_indexes' END
            USING ERRCODE = 'null_value_not_allowed',
                  HINT = 'Leave the argument out to take its default.';
    END IF;
    IF NOT EXISTS (SELECT FROM pg_namespace n WHERE n.nspname = attach.schema_name) THEN
        RAISE EXCEPTION 'schema "%" does not exist', attach.schema_name
            USING ERRCODE = 'invalid_schema_name',
                  HINT = 'Name the schema that holds, or shall hold, the tables of the application.';
    END IF;
    IF attach.schema_name LIKE 'pg\_%' OR attach.schema_name IN ('information_schema', 'btwin', 'btwin_api', 'btwin_bi') THEN
        RAISE EXCEPTION 'schema "%" cannot be attached', attach.schema_name
            USING ERRCODE = 'invalid_parameter_value',
                  DETAIL = 'It belongs to the server or to btwin.',
                  HINT = 'Name the schema that holds, or shall hold, the tables of the application.';
    END IF;
    PERFORM btwin._check_time_zone(attach.default_time_zone) WHERE attach.default_time_zone IS NOT NULL;

    -- one at a time, one schema
    PERFORM pg_advisory_xact_lock(hashtextextended('btwin.attach', 0));
    IF to_regclass('btwin.attachment') IS NOT NULL
       AND NOT EXISTS (SELECT FROM pg_class c WHERE c.oid = to_regclass('btwin.attachment')) THEN
        -- names are looked up as they are now, rows as they were
        RAISE EXCEPTION 'could not serialize access due to a concurrent btwin.attach'
            USING ERRCODE = 'serialization_failure',
                  DETAIL = format('The snapshot of this transaction (%s) was taken before.', current_setting('transaction_isolation')),
                  HINT = 'Repeat the transaction.';
    END IF;
    SELECT format('btwin.%I', c.relname) INTO missing
    FROM pg_class c
    WHERE c.oid IN (to_regclass('btwin.attachment'), to_regclass('btwin.attached_object'), to_regclass('btwin.learner')) AND c.relkind <> 'r'
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION '% is not a table', missing
            USING ERRCODE = 'wrong_object_type',
                  DETAIL = 'It was not made by btwin.attach.',
                  HINT = 'Rename or drop it: attach keeps a table of that name.';
    END IF;
    attached := btwin.attached_schema();
    IF attached <> attach.schema_name THEN
        RAISE EXCEPTION 'schema "%" is attached already', attached
            USING ERRCODE = 'object_not_in_prerequisite_state',
                  DETAIL = 'One schema of a database can be attached.',
                  HINT = 'SELECT * FROM btwin.detach()';
    END IF;

    -- whose it will be
    SELECT pg_get_userbyid(c.relowner) INTO made_by FROM pg_class c WHERE c.oid = to_regclass('btwin.attachment');
    SELECT coalesce(array_agg(DISTINCT pg_get_userbyid(c.relowner) ORDER BY pg_get_userbyid(c.relowner)), '{}') INTO table_owners
    FROM btwin.domain_table t
    JOIN pg_class c ON c.relname = t.table_name AND c.relkind IN ('r', 'p')
    JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = attach.schema_name;
    target := coalesce(attach.owner, CASE WHEN attached IS NOT NULL THEN made_by END,
                       CASE cardinality(table_owners) WHEN 0 THEN caller WHEN 1 THEN table_owners[1] END);
    IF target IS NULL THEN
        RAISE EXCEPTION 'the tables in schema "%" have several owners', attach.schema_name
            USING ERRCODE = 'invalid_parameter_value',
                  DETAIL = format('Found owners: %s. Everything that attach makes belongs to one role.', array_to_string(table_owners, ', ')),
                  HINT = format('Name the role: SELECT * FROM btwin.attach(%L, owner => %L)', attach.schema_name, table_owners[1]);
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles r WHERE r.rolname = target) THEN
        RAISE EXCEPTION 'role "%" does not exist', target
            USING ERRCODE = 'undefined_object',
                  HINT = 'Name the role that shall own what attach makes.';
    END IF;
    IF attached IS NOT NULL AND made_by <> target THEN
        RAISE EXCEPTION 'what is attached belongs to role "%", not to "%"', made_by, target
            USING ERRCODE = 'invalid_parameter_value',
                  HINT = 'SELECT * FROM btwin.detach() first, then attach with the other owner.';
    END IF;
    SELECT string_agg(quote_ident(r), ', ') INTO missing
    FROM unnest(CASE WHEN target = ANY (table_owners) THEN table_owners ELSE table_owners || target END) AS r
    WHERE NOT caller_is_super AND NOT pg_has_role(caller, r, member_right);
    IF missing IS NOT NULL THEN
        RAISE EXCEPTION 'role "%" may not attach for role %', caller, missing
            USING ERRCODE = 'insufficient_privilege',
                  DETAIL = 'The owner of the tables attaches, a member of that role, or a superuser.',
                  HINT = 'Call btwin.attach as the owner of the tables.';
    END IF;

    -- that role makes views and functions in btwin
    object := 'btwin';
    kind := 'schema';
    action := 'found';
    detail := format('role %I makes and uses objects in it', target);
    IF NOT (has_schema_privilege(target, 'btwin', 'CREATE') AND has_schema_privilege(target, 'btwin', 'USAGE')) THEN
        IF NOT pg_has_role(caller, (SELECT n.nspowner FROM pg_namespace n WHERE n.nspname = 'btwin'), 'USAGE') THEN
            RAISE EXCEPTION 'role "%" may not create objects in schema btwin', target
                USING ERRCODE = 'insufficient_privilege',
                      DETAIL = 'Adapter views and window functions are made there.',
                      HINT = format('Let the owner of the extension run: GRANT USAGE, CREATE ON SCHEMA btwin TO %I', target);
        END IF;
        EXECUTE format('GRANT USAGE, CREATE ON SCHEMA btwin TO %I', target);
        action := 'granted';
    END IF;
    IF NOT has_schema_privilege(target, attach.schema_name, 'USAGE') THEN
        RAISE EXCEPTION 'role "%" may not use schema "%"', target, attach.schema_name
            USING ERRCODE = 'insufficient_privilege',
                  HINT = format('GRANT USAGE ON SCHEMA %I TO %I', attach.schema_name, target);
    END IF;
    RETURN NEXT;

    -- left over from an earlier attach under another owner
    IF made_by <> target THEN
        FOR part IN SELECT c.oid::regclass AS relation FROM pg_class c
                    WHERE c.oid IN (SELECT to_regclass('btwin.' || n.name)
                                    FROM unnest('{attachment,attached_object,learner}'::name[] || btwin._store_tables()) AS n (name))
        LOOP
            EXECUTE format('ALTER TABLE %s OWNER TO %I', part.relation, target);
        END LOOP;
    END IF;

    -- From here on as that role, so that its own rights and default privileges
    -- decide, never those of a superuser who calls.
    IF target <> caller THEN
        PERFORM set_config('role', target::text, true);
    END IF;

    FOR part IN SELECT s.check_function FROM btwin.attach_step s WHERE s.check_function IS NOT NULL ORDER BY s.position LOOP
        EXECUTE format('SELECT %s($1, $2)', part.check_function) USING attach.schema_name, attach.create_indexes;
    END LOOP;

    IF to_regclass('btwin.attachment') IS NULL THEN
        EXECUTE format($create$CREATE TABLE btwin.attachment (
            only_one            boolean PRIMARY KEY DEFAULT true CHECK (only_one),
            schema_name         name NOT NULL,
            default_time_zone   text NOT NULL CHECK (%s),
            triggers            boolean NOT NULL DEFAULT true,
            attached_at         timestamptz NOT NULL DEFAULT now(),
            detached_at         timestamptz
        )$create$, btwin._time_zone_condition('default_time_zone'));
        COMMENT ON TABLE btwin.attachment IS 'What btwin.attach attached; one row';
        COMMENT ON COLUMN btwin.attachment.only_one IS 'One schema of a database can be attached';
        COMMENT ON COLUMN btwin.attachment.schema_name IS 'Schema of the tables';
        COMMENT ON COLUMN btwin.attachment.default_time_zone IS 'IANA name of the time zone of learners who have none of their own';
        COMMENT ON COLUMN btwin.attachment.triggers IS 'True: triggers note changes of old rows as they happen; false: nothing does, refresh compares what is stored with the tables';
        COMMENT ON COLUMN btwin.attachment.attached_at IS 'When attached';
        COMMENT ON COLUMN btwin.attachment.detached_at IS 'When detached; NULL: attached';
        GRANT SELECT ON btwin.attachment TO PUBLIC;
    END IF;
    IF to_regclass('btwin.attached_object') IS NULL THEN
        CREATE TABLE btwin.attached_object (
            kind        text NOT NULL,
            schema_name name NOT NULL,
            object_name name NOT NULL,
            table_name  name NOT NULL,
            made        boolean NOT NULL,
            definition  text,
            PRIMARY KEY (kind, schema_name, object_name)
        );
        COMMENT ON TABLE btwin.attached_object IS 'What btwin.attach made or adopted; btwin.detach removes nothing else';
        COMMENT ON COLUMN btwin.attached_object.kind IS 'table, view, function or index';
        COMMENT ON COLUMN btwin.attached_object.schema_name IS 'Schema of the object';
        COMMENT ON COLUMN btwin.attached_object.object_name IS 'Name of the object';
        COMMENT ON COLUMN btwin.attached_object.table_name IS 'Table of the data model it belongs to';
        COMMENT ON COLUMN btwin.attached_object.made IS 'True: attach made it; false: attach adopted it';
        COMMENT ON COLUMN btwin.attached_object.definition IS 'Statement that made it, as btwin wrote it; another one now means that it must be made anew';
        GRANT SELECT ON btwin.attached_object TO PUBLIC;
    END IF;

    object := 'btwin.attachment';
    kind := 'settings';
    SELECT a.* INTO settings FROM btwin.attachment a;
    IF NOT FOUND THEN
        action := 'created';
        INSERT INTO btwin.attachment (schema_name, default_time_zone, triggers)
        VALUES (attach.schema_name, coalesce(attach.default_time_zone, 'UTC'), coalesce(attach.triggers, true));
    ELSIF settings.detached_at IS NULL AND settings.default_time_zone = coalesce(attach.default_time_zone, settings.default_time_zone)
          AND settings.triggers = coalesce(attach.triggers, settings.triggers) THEN
        action := 'found';
    ELSE
        action := 'changed';
        UPDATE btwin.attachment a
        SET schema_name = attach.schema_name,
            default_time_zone = coalesce(attach.default_time_zone, a.default_time_zone),
            triggers = coalesce(attach.triggers, a.triggers),
            attached_at = CASE WHEN a.detached_at IS NULL THEN a.attached_at ELSE now() END,
            detached_at = NULL;
    END IF;
    SELECT format('schema %I, default time zone %s', a.schema_name, a.default_time_zone)
           || CASE WHEN settings.default_time_zone <> a.default_time_zone THEN format(' (was %s)', settings.default_time_zone) ELSE '' END
    INTO detail FROM btwin.attachment a;
    RETURN NEXT;

    FOR part IN SELECT s.attach_function FROM btwin.attach_step s ORDER BY s.position LOOP
        RETURN QUERY EXECUTE format('SELECT s.object, s.kind, s.action, s.detail FROM %s($1, $2) AS s', part.attach_function)
                     USING attach.schema_name, attach.create_indexes;
    END LOOP;

    IF target <> caller THEN
        PERFORM set_config('role', previous_role, true);
    END IF;
END
$attach$;
COMMENT ON FUNCTION btwin.attach(name, boolean, name, text, boolean) IS
'Attaches the tables of the application in a schema: adopts those of the data model that exist (columns in camelCase or snake_case, enum or text, timestamp meant as UTC or timestamptz), creates the others, and makes adapter views, window functions, settings, indexes, the store and its triggers around them. One row per object: what was made (created, adopted, changed, granted), found, or is missing. A second call finds all. create_indexes false: indexes are only reported. owner: the role everything belongs to, by default the owner of the adopted tables, or the caller. default_time_zone: IANA name for learners without one of their own, by default the one recorded, at first UTC. triggers: whether triggers note changes of old rows, by default as recorded, at first true; false for engines without triggers. Everything is checked before the first change; errors name table, column, what was found and what is needed.';
