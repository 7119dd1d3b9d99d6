-- Writing through adapter views. Where attach created a table, its view can be
-- written as it is. Where it adopted one, columns are shown as something else (an
-- enum as text, a timestamp as timestamptz), which no view can be written through;
-- such a view gets triggers that translate, and the defaults of the data model.
-- So one statement writes to both: INSERT, UPDATE or DELETE on btwin.<table>, but
-- never ON CONFLICT or MERGE, which a view with triggers does not take.

CREATE FUNCTION btwin._write_statement(schema_name name, table_name name) RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $write_statement$
SELECT format($function$CREATE OR REPLACE FUNCTION btwin.%1$I() RETURNS trigger
LANGUAGE plpgsql
AS $write$
BEGIN
    IF TG_OP OPERATOR(pg_catalog.=) 'INSERT' THEN
        INSERT INTO %2$I.%3$I (%4$s)
        VALUES (%5$s);
        RETURN NEW;
    ELSIF TG_OP OPERATOR(pg_catalog.=) 'UPDATE' THEN
        UPDATE %2$I.%3$I AS t SET %6$s
        WHERE t.id OPERATOR(pg_catalog.=) OLD.id;
        RETURN CASE WHEN FOUND THEN NEW END;
    END IF;
    DELETE FROM %2$I.%3$I AS t WHERE t.id OPERATOR(pg_catalog.=) OLD.id;
    RETURN CASE WHEN FOUND THEN OLD END;
END
$write$$function$, '_write_' || t.table_name, schema_name, t.table_name, c.names, c.new_values, c.assignments)
FROM btwin.domain_table t
CROSS JOIN LATERAL (
    SELECT string_agg(quote_ident(a.found_name), ', ' ORDER BY d.position),
           string_agg(v.given, ', ' ORDER BY d.position),
           -- whose row it is does not change; other columns only where somebody else has no right on them
           string_agg(format('%I = %s', a.found_name, v.given), ', ' ORDER BY d.position)
           FILTER (WHERE d.column_name <> 'id' AND d.column_name IS DISTINCT FROM t.learner_column
                     AND (w.columns IS NULL OR d.column_name = ANY (w.columns))),
           bool_and(a.expression = format('t.%I', a.found_name))
    FROM btwin._adoption(schema_name, t.table_name) a
    JOIN btwin.domain_column d ON d.table_name = a.table_name AND d.column_name = a.column_name AND NOT d.secret
    JOIN pg_attribute o ON o.attrelid = a.relation AND o.attnum = a.attnum
    LEFT JOIN btwin._written_tables() w ON w.table_name = t.table_name AND w.privilege = 'UPDATE'
    CROSS JOIN LATERAL (
        SELECT CASE WHEN a.expression = format('t.%I', a.found_name) THEN format('NEW.%I', a.column_name)
                    WHEN a.expression NOT LIKE '%AT TIME ZONE%' THEN format('NEW.%I::%s', a.column_name, format_type(o.atttypid, o.atttypmod))
                    -- cut, not rounded: what happens now must not be stored as of a moment to come
                    WHEN o.atttypmod BETWEEN 0 AND 5
                    THEN format('pg_catalog.date_bin(interval ''%s microseconds'', NEW.%I, timestamptz ''2000-01-01 00:00+00'') AT TIME ZONE ''UTC''', (10 ^ (6 - o.atttypmod))::integer, a.column_name)
                    ELSE format('NEW.%I AT TIME ZONE ''UTC''', a.column_name) END
    ) AS v (given)
) AS c (names, new_values, assignments, is_plain)
WHERE t.table_name = _write_statement.table_name AND NOT c.is_plain
  AND (t.written OR EXISTS (SELECT FROM btwin._written_tables() w WHERE w.table_name = t.table_name))
$write_statement$;
COMMENT ON FUNCTION btwin._write_statement(name, name) IS
'Internal: the statement that creates the function by which the adapter view of an attached table is written; NULL where the view can be written as it is, or btwin never writes it.';

CREATE FUNCTION btwin._write_function(table_name name) RETURNS regprocedure
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $write_function$
SELECT to_regprocedure(format('btwin.%I()', '_write_' || table_name))
$write_function$;
COMMENT ON FUNCTION btwin._write_function(name) IS
'Internal: the function by which an adapter view is written; NULL: it has none.';

-- Without CASCADE, which would say what it dropped.
CREATE FUNCTION btwin._drop_write_view(table_name name) RETURNS boolean
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $drop_write_view$
DECLARE
    made regprocedure := btwin._write_function(table_name);
BEGIN
    IF made IS NULL THEN
        RETURN false;
    END IF;
    IF EXISTS (SELECT FROM pg_trigger g WHERE g.tgrelid = to_regclass(format('btwin.%I', table_name)) AND g.tgfoid = made) THEN
        EXECUTE format('DROP TRIGGER btwin_write ON btwin.%I', table_name);
    END IF;
    EXECUTE format('DROP FUNCTION %s', made);
    RETURN true;
END
$drop_write_view$;
COMMENT ON FUNCTION btwin._drop_write_view(name) IS
'Internal: drops the trigger by which an adapter view is written, and its function; false where there is none.';

CREATE FUNCTION btwin._attach_write_views(schema_name name, create_indexes boolean)
RETURNS TABLE (object text, kind text, action text, detail text)
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $attach_write_views$
#variable_conflict use_column
DECLARE
    model       record;
    part        record;
    statement   text;
    was_made    boolean;
BEGIN
    kind := 'trigger';
    FOR model IN SELECT t.table_name FROM btwin.domain_table t ORDER BY t.position LOOP
        statement := btwin._write_statement(schema_name, model.table_name);
        was_made := btwin._write_function(model.table_name) IS NOT NULL;
        object := format('btwin_write on btwin.%I', model.table_name);
        detail := 'enums and timestamps of the application';
        IF statement IS NULL THEN
            IF was_made THEN
                PERFORM btwin._drop_write_view(model.table_name);
                action := 'dropped';
                RETURN NEXT;
            END IF;
            CONTINUE;
        END IF;
        action := 'found';
        -- the trigger went with its view where that was made anew
        IF NOT EXISTS (SELECT FROM pg_trigger g JOIN pg_proc p ON p.oid = g.tgfoid
                       WHERE g.tgrelid = format('btwin.%I', model.table_name)::regclass AND g.tgname = 'btwin_write'
                         AND p.oid = btwin._write_function(model.table_name) AND strpos(statement, p.prosrc) > 0) THEN
            EXECUTE statement;
            EXECUTE format('COMMENT ON FUNCTION %s IS %L', btwin._write_function(model.table_name),
                           format('Internal: writes rows of the adapter view btwin.%I to the table of the application.', model.table_name));
            EXECUTE format('CREATE OR REPLACE TRIGGER btwin_write INSTEAD OF INSERT OR UPDATE OR DELETE ON btwin.%I FOR EACH ROW EXECUTE FUNCTION btwin.%I()',
                           model.table_name, '_write_' || model.table_name);
            FOR part IN SELECT d.column_name, d.default_value FROM btwin.domain_column d
                        WHERE d.table_name = model.table_name AND d.default_value IS NOT NULL AND NOT d.secret ORDER BY d.position LOOP
                EXECUTE format('ALTER VIEW btwin.%I ALTER COLUMN %I SET DEFAULT %s', model.table_name, part.column_name, part.default_value);
            END LOOP;
            action := CASE WHEN was_made THEN 'changed' ELSE 'created' END;
        END IF;
        RETURN NEXT;
    END LOOP;
END
$attach_write_views$;
COMMENT ON FUNCTION btwin._attach_write_views(name, boolean) IS
'Internal: makes the triggers by which adapter views of adopted tables are written.';

CREATE FUNCTION btwin._check_write_views(schema_name name, create_indexes boolean) RETURNS boolean
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $check_write_views$
DECLARE
    taken text;
BEGIN
    SELECT p.oid::regprocedure::text INTO taken
    FROM btwin.domain_table t JOIN pg_proc p ON p.oid = btwin._write_function(t.table_name)
    WHERE p.prorettype <> 'trigger'::regtype LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'function % exists', taken
            USING ERRCODE = 'duplicate_function', DETAIL = 'It was not made by btwin.attach.', HINT = 'Rename or drop it: the name is needed.';
    END IF;
    RETURN true;
END
$check_write_views$;
COMMENT ON FUNCTION btwin._check_write_views(name, boolean) IS
'Internal: raises an error where the name of one of these functions is taken.';

CREATE FUNCTION btwin._detach_write_views(drop_derived boolean, drop_data boolean)
RETURNS TABLE (object text, kind text, action text, detail text)
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $detach_write_views$
DECLARE
    part record;
BEGIN
    kind := 'trigger';
    action := 'dropped';
    FOR part IN SELECT t.table_name FROM btwin.domain_table t ORDER BY t.position DESC LOOP
        CONTINUE WHEN NOT btwin._drop_write_view(part.table_name);
        object := format('btwin_write on btwin.%I', part.table_name);
        RETURN NEXT;
    END LOOP;
END
$detach_write_views$;
COMMENT ON FUNCTION btwin._detach_write_views(boolean, boolean) IS
'Internal: drops these triggers and their functions.';

INSERT INTO btwin.attach_step (position, step, check_function, attach_function, detach_function, comment) VALUES
    (66, 'write_views', 'btwin._check_write_views', 'btwin._attach_write_views', 'btwin._detach_write_views', 'triggers that write through adapter views');
