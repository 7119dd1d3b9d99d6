-- What is known of one learner, as one document, and its removal.

-- Rows of a table that belong to the learner $1, as a condition on its adapter
-- view (alias t); NULL: the table belongs to nobody.
CREATE OR REPLACE FUNCTION btwin._learner_condition(table_name name, alias text DEFAULT 't') RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $learner_condition$
DECLARE
    model   btwin.domain_table;
    target  name;
BEGIN
    SELECT d.* INTO STRICT model FROM btwin.domain_table d WHERE d.table_name = _learner_condition.table_name;
    IF model.learner_column IS NOT NULL THEN
        RETURN format('%s.%I = $1', alias, model.learner_column);
    ELSIF model.learner_via IS NULL THEN
        RETURN NULL;
    END IF;
    SELECT r.referenced INTO STRICT target FROM btwin.domain_reference r
    WHERE r.table_name = model.table_name AND r.column_name = model.learner_via;
    RETURN format('EXISTS (SELECT FROM btwin.%1$I %2$s_ WHERE %2$s_.id = %2$s.%3$I AND %4$s)', target, alias, model.learner_via,
                  btwin._learner_condition(target, alias || '_'));
END
$learner_condition$;
COMMENT ON FUNCTION btwin._learner_condition(name, text) IS
'Internal: the condition under which a row of an adapter view belongs to learner $1.';

-- Tables of btwin with rows of single learners: every one that has a user_id,
-- so that a table added later is not forgotten here.
CREATE FUNCTION btwin._learner_tables() RETURNS SETOF name
LANGUAGE sql STABLE ROWS 20
SET search_path = pg_catalog, pg_temp
AS $learner_tables$
SELECT c.relname
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'user_id' AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relnamespace = 'btwin'::regnamespace AND c.relkind IN ('r', 'p')
-- the settings last: what the tables below say of them is gone by then
ORDER BY c.relname = 'learner', c.relname
$learner_tables$;
COMMENT ON FUNCTION btwin._learner_tables() IS
'Internal: names of the tables of btwin that hold rows of single learners.';

CREATE OR REPLACE FUNCTION btwin.export_user(user_id text) RETURNS jsonb
LANGUAGE plpgsql STABLE COST 10000
SET search_path = pg_catalog, pg_temp
AS $export_user$
DECLARE
    attached    name := btwin.require_attached();
    part        record;
    found       jsonb;
    tables      jsonb := '{}';
    stored      jsonb := '{}';
BEGIN
    IF export_user.user_id IS NULL THEN
        RAISE EXCEPTION 'argument "user_id" must not be null' USING ERRCODE = 'null_value_not_allowed', HINT = 'Name the learner.';
    END IF;
    FOR part IN SELECT t.table_name, btwin._learner_condition(t.table_name) AS condition FROM btwin.domain_table t ORDER BY t.position LOOP
        CONTINUE WHEN part.condition IS NULL;
        EXECUTE format('SELECT jsonb_agg(to_jsonb(t) ORDER BY to_jsonb(t)::text) FROM btwin.%I t WHERE %s', part.table_name, part.condition)
        INTO found USING export_user.user_id;
        IF found IS NOT NULL THEN
            tables := tables || jsonb_build_object(part.table_name, found);
        END IF;
    END LOOP;
    FOR part IN SELECT t.name FROM btwin._learner_tables() AS t (name) LOOP
        EXECUTE format('SELECT jsonb_agg(jsonb_strip_nulls(to_jsonb(t)) ORDER BY to_jsonb(t)::text) FROM btwin.%I t WHERE t.user_id = $1', part.name)
        INTO found USING export_user.user_id;
        IF found IS NOT NULL THEN
            stored := stored || jsonb_build_object(part.name, found);
        END IF;
    END LOOP;
    RETURN jsonb_build_object('user_id', export_user.user_id, 'schema', attached, 'tables', tables, 'btwin', stored);
END
$export_user$;
COMMENT ON FUNCTION btwin.export_user(text) IS
'Everything that is known of a learner, as one document: {user_id, schema, tables: {<table>: [rows]}, btwin: {<table>: [rows]}}. Tables are those of the data model, as their adapter views show them (tokens of calendars are shown by nothing), with rows that lead to the learner over a foreign key; tables without rows are left out, so that an unknown learner has two empty objects. Reads with the rights and policies of its caller. Errors: TW001 before attach, 22004 for NULL.';

CREATE OR REPLACE FUNCTION btwin.forget_user(user_id text, application_tables boolean DEFAULT false)
RETURNS TABLE (object text, rows_removed bigint)
LANGUAGE plpgsql VOLATILE ROWS 60
SET search_path = pg_catalog, pg_temp
SET row_security = off
AS $forget_user$
#variable_conflict use_column
DECLARE
    attached    name := btwin.require_attached();
    part        record;
BEGIN
    IF forget_user.user_id IS NULL OR forget_user.application_tables IS NULL THEN
        RAISE EXCEPTION 'argument "%" must not be null', CASE WHEN forget_user.user_id IS NULL THEN 'user_id' ELSE 'application_tables' END
            USING ERRCODE = 'null_value_not_allowed', HINT = 'Name the learner; application_tables is true or false.';
    END IF;
    -- not beside a refresh, which may be writing what is removed here
    PERFORM pg_advisory_xact_lock(hashtextextended('btwin.refresh', 0));

    IF forget_user.application_tables THEN
        -- what leads to the learner over another table first, then that one
        FOR part IN
            SELECT t.table_name, btwin._learner_condition(t.table_name) AS condition,
                   (SELECT a.found_name FROM btwin._adoption(attached, t.table_name) a WHERE a.column_name = 'id') AS key_name
            FROM btwin.domain_table t ORDER BY t.position DESC
        LOOP
            CONTINUE WHEN part.condition IS NULL;
            object := format('%I.%I', attached, part.table_name);
            EXECUTE format('DELETE FROM %s d USING (SELECT t.id FROM btwin.%I t WHERE %s) AS q WHERE d.%I = q.id',
                           object, part.table_name, part.condition, part.key_name) USING forget_user.user_id;
            GET DIAGNOSTICS rows_removed = ROW_COUNT;
            IF rows_removed > 0 THEN
                RETURN NEXT;
            END IF;
        END LOOP;
    END IF;

    -- the store after the tables: their triggers have just noted the learner
    PERFORM btwin._write_pending_notes();
    FOR part IN SELECT t.name FROM btwin._learner_tables() AS t (name) LOOP
        object := format('btwin.%I', part.name);
        EXECUTE format('DELETE FROM %s t WHERE t.user_id = $1', object) USING forget_user.user_id;
        GET DIAGNOSTICS rows_removed = ROW_COUNT;
        IF rows_removed > 0 THEN
            RETURN NEXT;
        END IF;
    END LOOP;
    object := 'btwin.refresh_run';
    UPDATE btwin.refresh_run r SET error = 'learner forgotten' WHERE strpos(r.error, forget_user.user_id) > 0;
    GET DIAGNOSTICS rows_removed = ROW_COUNT;
    IF rows_removed > 0 THEN
        RETURN NEXT;
    END IF;
END
$forget_user$;
COMMENT ON FUNCTION btwin.forget_user(text, boolean) IS
'Removes a learner from every table of btwin; one row for each table with rows removed (messages of refresh runs that name the learner are blanked). application_tables: also the learner''s rows in the tables of the application, users included, in the order their foreign keys need. Without that a learner who is still among the users and is analysed comes back with the next refresh: switch behavioral_analysis_enabled off, or remove the learner there. Waits for a running refresh. Errors: TW001 before attach, 22004 for NULL, 42501 where the caller would see less than all rows, 23503 where a table outside the data model still refers to the learner.';
