-- How attached tables are read: the adapter view btwin.<table> for people and
-- BI, and the window function btwin.<table>_window for everything about one
-- learner.
--
-- A view that converts its time column is no way to read one learner's rows:
-- the converted comparison is not leakproof, so row security keeps it out of
-- the index. The window function compares the raw column with a converted bound
-- and is inlined by the planner: LANGUAGE sql, a string body, STABLE, neither
-- STRICT nor SECURITY DEFINER, no SET. The string body also records no
-- dependency on the table.

CREATE FUNCTION btwin._view_statement(schema_name name, table_name name) RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $view_statement$
SELECT format(E'CREATE VIEW btwin.%1$I WITH (security_invoker = true) AS\nSELECT %3$s\nFROM %2$I.%1$I AS t\nWHERE btwin.adapter_layout() OPERATOR(pg_catalog.=) 1',
              table_name, schema_name,
              (SELECT string_agg(format('%s AS %I', a.expression, a.column_name), E',\n       ' ORDER BY d.position)
               FROM btwin._adoption(schema_name, table_name) a
               JOIN btwin.domain_column d ON d.table_name = a.table_name AND d.column_name = a.column_name AND NOT d.secret))
$view_statement$;
COMMENT ON FUNCTION btwin._view_statement(name, name) IS
'Internal: the statement that creates the adapter view of a table.';

CREATE FUNCTION btwin._window_statement(schema_name name, table_name name) RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $window_statement$
SELECT format(E'CREATE FUNCTION btwin.%1$I(user_id text, from_at timestamptz, to_at timestamptz) RETURNS SETOF btwin.%2$I\nLANGUAGE sql STABLE PARALLEL SAFE ROWS 100\nAS %3$L',
              t.table_name || '_window', t.table_name,
              format(E'\nSELECT %s\nFROM %I.%I AS t\nWHERE t.%I OPERATOR(pg_catalog.=) $1\n  AND t.%5$I OPERATOR(pg_catalog.>=) %6$s\n  AND t.%5$I OPERATOR(pg_catalog.<) %7$s\n',
                     c.shown, schema_name, t.table_name, c.learner_name, c.moment_name,
                     CASE WHEN c.moment_is_utc THEN '($2 AT TIME ZONE ''UTC'')' ELSE '$2' END,
                     CASE WHEN c.moment_is_utc THEN '($3 AT TIME ZONE ''UTC'')' ELSE '$3' END))
FROM btwin.domain_table t
CROSS JOIN LATERAL (
    SELECT string_agg(a.expression, E',\n       ' ORDER BY d.position) FILTER (WHERE NOT d.secret),
           min(a.found_name::text) FILTER (WHERE a.column_name = t.learner_column),
           min(a.found_name::text) FILTER (WHERE a.column_name = t.moment_column),
           bool_or(a.expression LIKE '%AT TIME ZONE%') FILTER (WHERE a.column_name = t.moment_column)
    FROM btwin._adoption(schema_name, t.table_name) a
    JOIN btwin.domain_column d ON d.table_name = a.table_name AND d.column_name = a.column_name
) AS c (shown, learner_name, moment_name, moment_is_utc)
WHERE t.table_name = _window_statement.table_name AND t.learner_column = 'user_id' AND t.moment_column IS NOT NULL
$window_statement$;
COMMENT ON FUNCTION btwin._window_statement(name, name) IS
'Internal: the statement that creates the window function of a table; NULL where the table has no learner or no moment.';

CREATE FUNCTION btwin._view_exists(table_name name) RETURNS boolean
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $view_exists$
SELECT EXISTS (SELECT FROM pg_class c
               WHERE c.oid = to_regclass(format('btwin.%I', table_name)) AND c.relkind = 'v')
$view_exists$;
COMMENT ON FUNCTION btwin._view_exists(name) IS
'Internal: btwin.<table> exists and is a view.';

CREATE FUNCTION btwin._window_exists(table_name name) RETURNS boolean
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $window_exists$
SELECT to_regprocedure(format('btwin.%I(text, timestamptz, timestamptz)', table_name || '_window')) IS NOT NULL
$window_exists$;
COMMENT ON FUNCTION btwin._window_exists(name) IS
'Internal: btwin.<table>_window(text, timestamptz, timestamptz) exists.';

CREATE FUNCTION btwin._check_views(schema_name name, create_indexes boolean) RETURNS boolean
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $check_views$
DECLARE
    taken record;
    known boolean := false;
BEGIN
    FOR taken IN
        SELECT t.table_name AS object_name, 'view' AS kind, t.table_name, format('btwin.%I', t.table_name) AS shown
        FROM btwin.domain_table t WHERE to_regclass(format('btwin.%I', t.table_name)) IS NOT NULL
        UNION ALL
        SELECT t.table_name || '_window', 'function', t.table_name, format('btwin.%I(text, timestamptz, timestamptz)', t.table_name || '_window')
        FROM btwin.domain_table t WHERE btwin._window_exists(t.table_name)
    LOOP
        IF to_regclass('btwin.attached_object') IS NOT NULL THEN
            EXECUTE 'SELECT EXISTS (SELECT FROM btwin.attached_object o WHERE o.kind = $1 AND o.schema_name = ''btwin'' AND o.object_name = $2)'
            INTO known USING taken.kind, taken.object_name;
        END IF;
        IF NOT known OR (taken.kind = 'view' AND NOT btwin._view_exists(taken.table_name)) THEN
            RAISE EXCEPTION '% exists already', taken.shown
                USING ERRCODE = 'duplicate_object',
                      DETAIL = 'It was not made by btwin.attach.',
                      HINT = format('Rename or drop it: the name is needed for the %s of the table.',
                                    CASE taken.kind WHEN 'view' THEN 'adapter view' ELSE 'window function' END);
        END IF;
    END LOOP;
    RETURN true;
END
$check_views$;
COMMENT ON FUNCTION btwin._check_views(name, boolean) IS
'Internal: raises an error where the name of an adapter view or window function is taken by something else.';

CREATE FUNCTION btwin._attach_views(schema_name name, create_indexes boolean)
RETURNS TABLE (object text, kind text, action text, detail text)
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $attach_views$
#variable_conflict use_column
DECLARE
    model           record;
    part            record;
    view_text       text;
    window_text     text;
    view_exists     boolean;
    window_exists   boolean;
    view_known      boolean;
    window_known    boolean;
BEGIN
    FOR model IN SELECT t.* FROM btwin.domain_table t ORDER BY t.position LOOP
        view_text := btwin._view_statement(schema_name, model.table_name);
        window_text := btwin._window_statement(schema_name, model.table_name);
        view_exists := btwin._view_exists(model.table_name);
        window_exists := btwin._window_exists(model.table_name);
        -- a view without security_invoker would show rows its reader may not see
        view_known := view_exists
            AND EXISTS (SELECT FROM btwin.attached_object o
                        WHERE o.kind = 'view' AND o.schema_name = 'btwin' AND o.object_name = model.table_name AND o.definition = view_text)
            AND EXISTS (SELECT FROM pg_class c WHERE c.oid = format('btwin.%I', model.table_name)::regclass
                                                 AND c.reloptions @> ARRAY['security_invoker=true']);
        window_known := view_known AND window_exists
            AND EXISTS (SELECT FROM btwin.attached_object o
                        WHERE o.kind = 'function' AND o.schema_name = 'btwin' AND o.object_name = model.table_name || '_window'
                          AND o.definition = window_text);

        IF window_exists AND NOT window_known THEN
            EXECUTE format('DROP FUNCTION btwin.%I(text, timestamptz, timestamptz)', model.table_name || '_window');
        END IF;
        IF view_exists AND NOT view_known THEN
            EXECUTE format('DROP VIEW btwin.%I', model.table_name);
        END IF;

        object := format('btwin.%I', model.table_name);
        kind := 'view';
        detail := format('reads %I.%I', schema_name, model.table_name);
        action := 'found';
        IF NOT view_known THEN
            EXECUTE view_text;
            EXECUTE format('COMMENT ON VIEW btwin.%I IS %L', model.table_name, model.comment);
            FOR part IN SELECT d.column_name, btwin._column_comment(d) AS comment
                        FROM btwin.domain_column d WHERE d.table_name = model.table_name AND NOT d.secret ORDER BY d.position LOOP
                EXECUTE format('COMMENT ON COLUMN btwin.%I.%I IS %L', model.table_name, part.column_name, part.comment);
            END LOOP;
            INSERT INTO btwin.attached_object (kind, schema_name, object_name, table_name, made, definition)
            VALUES ('view', 'btwin', model.table_name, model.table_name, true, view_text)
            ON CONFLICT (kind, schema_name, object_name) DO UPDATE SET made = true, definition = excluded.definition;
            action := CASE WHEN view_exists THEN 'changed' ELSE 'created' END;
        END IF;
        RETURN NEXT;

        CONTINUE WHEN window_text IS NULL;
        object := format('btwin.%I(text, timestamptz, timestamptz)', model.table_name || '_window');
        kind := 'function';
        detail := format('rows of one learner, %s in [from_at, to_at)', model.moment_column);
        action := 'found';
        IF NOT window_known THEN
            EXECUTE window_text;
            EXECUTE format('COMMENT ON FUNCTION %s IS %L', object,
                           format('Rows of btwin.%I of one learner with from_at <= %s < to_at. Reads with the rights and policies of its caller. Inlined by the planner where no argument is volatile or a subquery; both bounds are needed, a NULL argument gives no rows.',
                                  model.table_name, model.moment_column));
            INSERT INTO btwin.attached_object (kind, schema_name, object_name, table_name, made, definition)
            VALUES ('function', 'btwin', model.table_name || '_window', model.table_name, true, window_text)
            ON CONFLICT (kind, schema_name, object_name) DO UPDATE SET made = true, definition = excluded.definition;
            action := CASE WHEN window_exists THEN 'changed' ELSE 'created' END;
        END IF;
        RETURN NEXT;
    END LOOP;
END
$attach_views$;
COMMENT ON FUNCTION btwin._attach_views(name, boolean) IS
'Internal: makes the adapter views and window functions, anew where the table or the data model changed.';
