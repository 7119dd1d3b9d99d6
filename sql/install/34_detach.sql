-- detach: removes what attach made around the tables, never a learner's row.

CREATE FUNCTION btwin._detach_tables(drop_derived boolean, drop_data boolean)
RETURNS TABLE (object text, kind text, action text, detail text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $detach_tables$
SELECT format('%I.%I', o.schema_name, o.object_name), 'table', 'kept',
       CASE WHEN o.made THEN 'made by attach, holds rows of learners' ELSE 'table of the application' END
FROM btwin.attached_object o
JOIN btwin.domain_table t ON t.table_name = o.table_name
WHERE o.kind = 'table' AND to_regclass(format('%I.%I', o.schema_name, o.object_name)) IS NOT NULL
ORDER BY t.position
$detach_tables$;
COMMENT ON FUNCTION btwin._detach_tables(boolean, boolean) IS
'Internal: says that the tables stay.';

CREATE FUNCTION btwin._detach_settings(drop_derived boolean, drop_data boolean)
RETURNS TABLE (object text, kind text, action text, detail text)
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $detach_settings$
BEGIN
    IF to_regclass('btwin.learner') IS NULL THEN
        RETURN;
    END IF;
    object := 'btwin.learner';
    kind := 'settings';
    IF drop_data THEN
        DROP TABLE btwin.learner;
        action := 'dropped';
        detail := 'drop_data';
    ELSE
        action := 'kept';
        detail := 'settings of learners; drop_data => true drops them';
    END IF;
    RETURN NEXT;
END
$detach_settings$;
COMMENT ON FUNCTION btwin._detach_settings(boolean, boolean) IS
'Internal: keeps btwin.learner, or drops it with drop_data.';

CREATE FUNCTION btwin._detach_views(drop_derived boolean, drop_data boolean)
RETURNS TABLE (object text, kind text, action text, detail text)
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $detach_views$
#variable_conflict use_column
DECLARE
    part record;
BEGIN
    detail := NULL;
    action := 'dropped';
    -- a window function returns rows of its view: it goes first
    FOR part IN
        SELECT o.kind, o.object_name, o.table_name
        FROM btwin.attached_object o JOIN btwin.domain_table t ON t.table_name = o.table_name
        WHERE o.kind IN ('function', 'view') AND o.schema_name = 'btwin'
        ORDER BY o.kind, t.position DESC
    LOOP
        kind := part.kind;
        IF part.kind = 'function' AND btwin._window_exists(part.table_name) THEN
            object := format('btwin.%I(text, timestamptz, timestamptz)', part.object_name);
            EXECUTE format('DROP FUNCTION %s', object);
            RETURN NEXT;
        ELSIF part.kind = 'view' AND btwin._view_exists(part.table_name) THEN
            object := format('btwin.%I', part.object_name);
            EXECUTE format('DROP VIEW %s', object);
            RETURN NEXT;
        END IF;
    END LOOP;
    DELETE FROM btwin.attached_object o WHERE o.kind IN ('function', 'view') AND o.schema_name = 'btwin';
END
$detach_views$;
COMMENT ON FUNCTION btwin._detach_views(boolean, boolean) IS
'Internal: drops window functions and adapter views.';

CREATE FUNCTION btwin._detach_indexes(drop_derived boolean, drop_data boolean)
RETURNS TABLE (object text, kind text, action text, detail text)
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $detach_indexes$
#variable_conflict use_column
DECLARE
    part record;
BEGIN
    kind := 'index';
    FOR part IN
        SELECT o.schema_name, o.object_name, pg_get_userbyid(r.relowner) AS table_owner, r.relname AS table_name
        FROM btwin.attached_object o
        JOIN pg_class c ON c.oid = to_regclass(format('%I.%I', o.schema_name, o.object_name))
        JOIN pg_index x ON x.indexrelid = c.oid
        JOIN pg_class r ON r.oid = x.indrelid AND r.relname = o.table_name
        LEFT JOIN btwin.domain_index i ON i.index_name = o.object_name
        WHERE o.kind = 'index' AND o.made
        ORDER BY i.number, o.object_name
    LOOP
        object := format('%I.%I', part.schema_name, part.object_name);
        PERFORM btwin._execute_as(part.table_owner, format('DROP INDEX %s', object));
        action := 'dropped';
        detail := format('made by attach on %I', part.table_name);
        RETURN NEXT;
    END LOOP;
    DELETE FROM btwin.attached_object o WHERE o.kind = 'index';
END
$detach_indexes$;
COMMENT ON FUNCTION btwin._detach_indexes(boolean, boolean) IS
'Internal: drops the indexes that attach made.';

CREATE FUNCTION btwin.detach(drop_derived boolean DEFAULT false, drop_data boolean DEFAULT false)
RETURNS TABLE (object text, kind text, action text, detail text)
LANGUAGE plpgsql VOLATILE ROWS 200
SET search_path = pg_catalog, pg_temp
AS $detach$
#variable_conflict use_column
DECLARE
    caller        name := current_user;
    previous_role text := current_setting('role');
    made_by       name;
    part          record;
BEGIN
    IF detach.drop_derived IS NULL OR detach.drop_data IS NULL THEN
        RAISE EXCEPTION 'argument "%" must not be null', CASE WHEN detach.drop_derived IS NULL THEN 'drop_derived' ELSE 'drop_data' END
            USING ERRCODE = 'null_value_not_allowed',
                  HINT = 'Leave the argument out to take its default.';
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended('btwin.attach', 0));
    SELECT pg_get_userbyid(c.relowner) INTO made_by FROM pg_class c WHERE c.oid = to_regclass('btwin.attachment');
    IF made_by IS NULL THEN
        RETURN;
    END IF;
    IF NOT (SELECT r.rolsuper FROM pg_roles r WHERE r.rolname = caller)
       AND NOT pg_has_role(caller, made_by, CASE WHEN current_setting('server_version_num')::integer >= 160000 THEN 'SET' ELSE 'MEMBER' END) THEN
        RAISE EXCEPTION 'role "%" may not detach for role "%"', caller, made_by
            USING ERRCODE = 'insufficient_privilege',
                  DETAIL = 'The owner of what is attached detaches, a member of that role, or a superuser.',
                  HINT = format('Call btwin.detach as %I.', made_by);
    END IF;
    IF made_by <> caller THEN
        PERFORM set_config('role', made_by::text, true);
    END IF;

    FOR part IN SELECT s.detach_function FROM btwin.attach_step s ORDER BY s.position DESC LOOP
        RETURN QUERY EXECUTE format('SELECT s.object, s.kind, s.action, s.detail FROM %s($1, $2) AS s', part.detach_function)
                     USING detach.drop_derived, detach.drop_data;
    END LOOP;

    object := 'btwin.attachment';
    kind := 'settings';
    IF detach.drop_data THEN
        DROP TABLE btwin.attachment, btwin.attached_object;
        action := 'dropped';
        detail := 'drop_data';
    ELSE
        UPDATE btwin.attachment a SET detached_at = now() WHERE a.detached_at IS NULL;
        action := 'kept';
        SELECT format('schema %I is detached; attach continues with default time zone %s', a.schema_name, a.default_time_zone)
        INTO detail FROM btwin.attachment a;
    END IF;
    RETURN NEXT;

    IF made_by <> caller THEN
        PERFORM set_config('role', previous_role, true);
    END IF;
END
$detach$;
COMMENT ON FUNCTION btwin.detach(boolean, boolean) IS
'Removes what btwin.attach made around the tables: adapter views, window functions and the indexes it created; one row per object dropped or kept. The tables stay, those attach created included. drop_derived: also drops what can be computed anew. drop_data: also drops settings, such as btwin.learner, and the record of the attachment. attach afterwards continues with what stayed. Call it before a migration that alters a column, or before DROP EXTENSION. No rows where nothing was attached.';
