-- Notes of late changes: a trigger on each table that the store reads writes down
-- the learner and the day of a row that is changed when it is two days old or
-- more. Readers then read the noted days live, refresh folds them in.
--
-- Nothing here may fail, block or deadlock a statement of the application:
-- notes are only ever appended, to a table without a key that two writers could
-- wait for; a fault of btwin's own becomes a warning. The trigger functions are
-- made by attach, one per table with its columns in it, and call nothing of the
-- extension: they work without the library, and when the extension is gone.

CREATE TABLE btwin.store_source (
    table_name      name PRIMARY KEY,
    moment_column   name NOT NULL
);
COMMENT ON TABLE btwin.store_source IS
'The tables the store is worked out from, and the moment that gives a row its day there';
COMMENT ON COLUMN btwin.store_source.table_name IS 'Table of the data model';
COMMENT ON COLUMN btwin.store_source.moment_column IS 'Its column; a row without this moment is in no state';
GRANT SELECT ON btwin.store_source TO PUBLIC;
INSERT INTO btwin.store_source (table_name, moment_column) VALUES
    ('study_sessions',            'started_at'),
    ('reviews',                   'reviewed_at'),
    ('behavioral_events',         'timestamp'),
    ('cognitive_load_metrics',    'timestamp'),
    ('missions',                  'date'),
    ('personalization_outcomes',  'timestamp'),
    ('struggle_predictions',      'actual_outcome_recorded_at');

-- What one trigger function and its triggers look like. Ages are judged by the
-- clock after the row is written, in UTC, whatever the time zone of the session.
CREATE FUNCTION btwin._note_statements(schema_name name, table_name name,
    OUT function_text text, OUT insert_trigger text, OUT update_trigger text, OUT delete_trigger text)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $note_statements$
#variable_conflict use_column
DECLARE
    learner     text;
    moment      text;
    is_utc      boolean;
    old_guard   text;
    new_guard   text;
    old_day     text;
    new_day     text;
BEGIN
    SELECT quote_ident(max(a.found_name::text) FILTER (WHERE a.column_name = t.learner_column)),
           quote_ident(max(a.found_name::text) FILTER (WHERE a.column_name = s.moment_column)),
           bool_or(a.expression LIKE '%AT TIME ZONE%') FILTER (WHERE a.column_name = s.moment_column)
    INTO learner, moment, is_utc
    FROM btwin.store_source s
    JOIN btwin.domain_table t ON t.table_name = s.table_name
    CROSS JOIN LATERAL btwin._adoption(schema_name, s.table_name) a
    WHERE s.table_name = _note_statements.table_name;

    old_guard := format(CASE WHEN is_utc THEN 'old.%s < (clock_timestamp() AT TIME ZONE ''UTC'') - interval ''48 hours'''
                             ELSE 'old.%s < clock_timestamp() - interval ''48 hours''' END, moment);
    new_guard := replace(old_guard, 'old.', 'new.');
    old_day := format(CASE WHEN is_utc THEN 'old.%s::date' ELSE '(old.%s AT TIME ZONE ''UTC'')::date' END, moment);
    new_day := replace(old_day, 'old.', 'new.');

    function_text := format($function$CREATE FUNCTION btwin.%1$I() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $note$
DECLARE
    -- what this transaction has noted; undone with it, and with a subtransaction
    seen    text := coalesce(current_setting('btwin_note.seen', true), '');
    learner text;
    day     date;
    note    text;
    fresh   text := '';
BEGIN
    FOR side IN 1..2 LOOP
        IF side = 1 THEN
            CONTINUE WHEN TG_OP = 'INSERT' OR NOT coalesce(%4$s, false);
            learner := old.%3$s;
            day := %6$s;
        ELSE
            CONTINUE WHEN TG_OP = 'DELETE' OR NOT coalesce(%5$s, false);
            learner := new.%3$s;
            day := %7$s;
        END IF;
        CONTINUE WHEN learner IS NULL;
        note := format('%%s@%%s;', hashtextextended(learner, 0), day);
        CONTINUE WHEN strpos(seen, note) > 0;
        seen := right(seen, 4000) || note;
        fresh := seen;
        BEGIN
            INSERT INTO btwin.late_change (user_id, from_day, to_day) VALUES (learner, day, day);
        EXCEPTION WHEN OTHERS THEN
            -- what stops the server or the transaction stops this too, but a
            -- full disk of the notes is no fault of the application
            IF sqlstate ~ '^(40|53|57|XX)' AND sqlstate <> '53100' THEN
                RAISE;
            END IF;
            RAISE WARNING 'btwin could not note a late change of table %2$s: %%', sqlerrm
                USING ERRCODE = '01000',
                      HINT = 'Stored answers of the learner may miss it until SELECT * FROM btwin.verify(heal => true).';
        END;
    END LOOP;
    IF fresh <> '' THEN
        PERFORM set_config('btwin_note.seen', fresh, true);
    END IF;
    RETURN NULL;
END
$note$$function$, '_note_' || table_name, table_name, learner, old_guard, new_guard, old_day, new_day);

    insert_trigger := format('CREATE TRIGGER btwin_note_insert AFTER INSERT ON %I.%I FOR EACH ROW WHEN (%s) EXECUTE FUNCTION btwin.%I()',
                             schema_name, table_name, new_guard, '_note_' || table_name);
    update_trigger := format('CREATE TRIGGER btwin_note_update AFTER UPDATE ON %I.%I FOR EACH ROW WHEN (%s OR %s) EXECUTE FUNCTION btwin.%I()',
                             schema_name, table_name, old_guard, new_guard, '_note_' || table_name);
    delete_trigger := format('CREATE TRIGGER btwin_note_delete AFTER DELETE ON %I.%I FOR EACH ROW WHEN (%s) EXECUTE FUNCTION btwin.%I()',
                             schema_name, table_name, old_guard, '_note_' || table_name);
END
$note_statements$;
COMMENT ON FUNCTION btwin._note_statements(name, name) IS
'Internal: the statements that make the trigger function of a table and its row triggers.';

-- TRUNCATE names no rows: everything is noted, for everybody.
CREATE FUNCTION btwin._note_truncate_statement() RETURNS text
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $note_truncate_statement$
SELECT $function$CREATE FUNCTION btwin._note_truncate() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $note$
BEGIN
    INSERT INTO btwin.late_change (user_id, from_day, to_day) VALUES (NULL, '-infinity', 'infinity');
    RETURN NULL;
EXCEPTION WHEN OTHERS THEN
    IF sqlstate ~ '^(40|53|57|XX)' AND sqlstate <> '53100' THEN
        RAISE;
    END IF;
    RAISE WARNING 'btwin could not note that table % was emptied: %', TG_TABLE_NAME, sqlerrm
        USING ERRCODE = '01000', HINT = 'SELECT * FROM btwin.rebuild()';
    RETURN NULL;
END
$note$$function$
$note_truncate_statement$;
COMMENT ON FUNCTION btwin._note_truncate_statement() IS
'Internal: the statement that makes the trigger function of TRUNCATE.';

CREATE FUNCTION btwin._check_notes(schema_name name, create_indexes boolean) RETURNS boolean
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $check_notes$
DECLARE
    taken text;
BEGIN
    SELECT format('trigger %I of table %s', t.tgname, t.tgrelid::regclass) INTO taken
    FROM btwin.store_source s
    JOIN pg_trigger t ON t.tgrelid = to_regclass(format('%I.%I', schema_name, s.table_name)) AND t.tgname LIKE 'btwin\_note\_%'
    JOIN pg_proc p ON p.oid = t.tgfoid
    WHERE p.pronamespace <> (SELECT n.oid FROM pg_namespace n WHERE n.nspname = 'btwin')
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION '% was not made by btwin.attach', taken
            USING ERRCODE = 'duplicate_object', HINT = 'Rename or drop it: attach needs the name.';
    END IF;
    RETURN true;
END
$check_notes$;
COMMENT ON FUNCTION btwin._check_notes(name, boolean) IS
'Internal: raises an error where the name of a trigger is taken.';

CREATE FUNCTION btwin._trigger_tables(schema_name name)
RETURNS TABLE (table_name name, relation regclass, relation_owner name, is_leaf boolean)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $trigger_tables$
SELECT s.table_name, c.oid::regclass, pg_get_userbyid(c.relowner), c.oid <> to_regclass(format('%I.%I', schema_name, s.table_name))
FROM btwin.store_source s
CROSS JOIN LATERAL (SELECT to_regclass(format('%I.%I', schema_name, s.table_name)) AS root) AS r
JOIN pg_class c ON c.oid = r.root OR c.oid IN (SELECT p.relid FROM pg_partition_tree(r.root) p)
WHERE c.relkind IN ('r', 'p')
ORDER BY s.table_name, c.oid <> r.root, c.oid
$trigger_tables$;
COMMENT ON FUNCTION btwin._trigger_tables(name) IS
'Internal: the tables the store is worked out from, with their partitions.';

CREATE FUNCTION btwin._drop_trigger(relation regclass, relation_owner name, trigger_name name) RETURNS boolean
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $drop_trigger$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = relation AND t.tgname = trigger_name) THEN
        RETURN false;
    END IF;
    RETURN btwin._execute_as(relation_owner, format('DROP TRIGGER %I ON %s', trigger_name, relation));
END
$drop_trigger$;
COMMENT ON FUNCTION btwin._drop_trigger(regclass, name, name) IS
'Internal: drops a trigger as the owner of its table; false where there is none.';

CREATE FUNCTION btwin._attach_notes(schema_name name, create_indexes boolean)
RETURNS TABLE (object text, kind text, action text, detail text)
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $attach_notes$
#variable_conflict use_column
DECLARE
    wanted  boolean := (SELECT a.triggers FROM btwin.attachment a);
    source  record;
    part    record;
    made    record;
    known   boolean;
BEGIN
    IF NOT wanted THEN
        RETURN QUERY SELECT d.object, d.kind, d.action, d.detail FROM btwin._detach_notes(false, false) AS d;
        RETURN;
    END IF;

    IF to_regprocedure('btwin._note_truncate()') IS NULL THEN
        EXECUTE btwin._note_truncate_statement();
        COMMENT ON FUNCTION btwin._note_truncate() IS 'Internal: notes that a table was emptied. SECURITY DEFINER: whoever empties a table has no right on the notes; it writes one constant row.';
        INSERT INTO btwin.attached_object (kind, schema_name, object_name, table_name, made, definition)
        VALUES ('note function', 'btwin', '_note_truncate', '', true, btwin._note_truncate_statement())
        ON CONFLICT (kind, schema_name, object_name) DO UPDATE SET made = true, definition = excluded.definition;
    END IF;

    FOR source IN SELECT s.table_name FROM btwin.store_source s ORDER BY s.table_name LOOP
        made := btwin._note_statements(schema_name, source.table_name);
        known := to_regprocedure(format('btwin.%I()', '_note_' || source.table_name)) IS NOT NULL
            AND EXISTS (SELECT FROM btwin.attached_object o
                        WHERE o.kind = 'note function' AND o.object_name = '_note_' || source.table_name AND o.definition = made.function_text);
        object := format('btwin.%I()', '_note_' || source.table_name);
        kind := 'function';
        detail := format('notes late changes of %I', source.table_name);
        action := 'found';
        IF NOT known THEN
            action := CASE WHEN to_regprocedure(object) IS NULL THEN 'created' ELSE 'changed' END;
            EXECUTE regexp_replace(made.function_text, '^CREATE FUNCTION', 'CREATE OR REPLACE FUNCTION');
            EXECUTE format('COMMENT ON FUNCTION %s IS %L', object,
                           'Internal: notes learner and day of a late change. SECURITY DEFINER: whoever changes a row has no right on the notes; it writes nothing but learner and day of that row.');
            INSERT INTO btwin.attached_object (kind, schema_name, object_name, table_name, made, definition)
            VALUES ('note function', 'btwin', '_note_' || source.table_name, source.table_name, true, made.function_text)
            ON CONFLICT (kind, schema_name, object_name) DO UPDATE SET made = true, definition = excluded.definition;
        END IF;
        RETURN NEXT;

        FOR part IN SELECT * FROM btwin._trigger_tables(schema_name) t WHERE t.table_name = source.table_name LOOP
            object := format('btwin_note on %s', part.relation);
            kind := 'trigger';
            detail := CASE WHEN part.is_leaf THEN 'TRUNCATE of the partition' ELSE 'INSERT, UPDATE, DELETE, TRUNCATE' END;
            action := 'found';
            IF NOT part.is_leaf THEN
                IF NOT known OR (SELECT count(*) FROM pg_trigger t WHERE t.tgrelid = part.relation AND t.tgname IN ('btwin_note_insert', 'btwin_note_update', 'btwin_note_delete') AND t.tgenabled = 'A') <> 3 THEN
                    FOR i IN 1..3 LOOP
                        PERFORM btwin._drop_trigger(part.relation, part.relation_owner, ('{btwin_note_insert,btwin_note_update,btwin_note_delete}'::name[])[i]);
                        PERFORM btwin._execute_as(part.relation_owner, CASE i WHEN 1 THEN made.insert_trigger WHEN 2 THEN made.update_trigger ELSE made.delete_trigger END);
                        PERFORM btwin._execute_as(part.relation_owner, format('ALTER TABLE %s ENABLE ALWAYS TRIGGER %I', part.relation, ('{btwin_note_insert,btwin_note_update,btwin_note_delete}'::text[])[i]));
                    END LOOP;
                    action := 'created';
                END IF;
            END IF;
            IF NOT EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = part.relation AND t.tgname = 'btwin_note_truncate' AND t.tgenabled = 'A') THEN
                PERFORM btwin._drop_trigger(part.relation, part.relation_owner, 'btwin_note_truncate');
                PERFORM btwin._execute_as(part.relation_owner, format('CREATE TRIGGER btwin_note_truncate AFTER TRUNCATE ON %s FOR EACH STATEMENT EXECUTE FUNCTION btwin._note_truncate()', part.relation));
                PERFORM btwin._execute_as(part.relation_owner, format('ALTER TABLE %s ENABLE ALWAYS TRIGGER btwin_note_truncate', part.relation));
                action := 'created';
            END IF;
            RETURN NEXT;
        END LOOP;
    END LOOP;
END
$attach_notes$;
COMMENT ON FUNCTION btwin._attach_notes(name, boolean) IS
'Internal: makes the triggers that note late changes, on partitions too, or removes them where they are not wanted.';

CREATE FUNCTION btwin._detach_notes(drop_derived boolean, drop_data boolean)
RETURNS TABLE (object text, kind text, action text, detail text)
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $detach_notes$
#variable_conflict use_column
DECLARE
    part record;
BEGIN
    kind := 'trigger';
    action := 'dropped';
    -- those of a partition that came with its parent go with it
    FOR part IN
        SELECT t.tgname, t.tgrelid::regclass AS relation, pg_get_userbyid(c.relowner) AS relation_owner
        FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
        WHERE t.tgname LIKE 'btwin\_note\_%' AND t.tgparentid = 0
          AND t.tgfoid IN (SELECT p.oid FROM pg_proc p
                           JOIN btwin.attached_object o ON o.kind = 'note function' AND o.object_name = p.proname
                           WHERE p.pronamespace = (SELECT n.oid FROM pg_namespace n WHERE n.nspname = 'btwin'))
        ORDER BY t.tgrelid::regclass::text, t.tgname
    LOOP
        PERFORM btwin._drop_trigger(part.relation, part.relation_owner, part.tgname);
        object := format('%s on %s', part.tgname, part.relation);
        RETURN NEXT;
    END LOOP;
    kind := 'function';
    FOR part IN SELECT o.object_name FROM btwin.attached_object o WHERE o.kind = 'note function' ORDER BY o.object_name LOOP
        CONTINUE WHEN to_regprocedure(format('btwin.%I()', part.object_name)) IS NULL;
        object := format('btwin.%I()', part.object_name);
        EXECUTE format('DROP FUNCTION %s', object);
        RETURN NEXT;
    END LOOP;
    DELETE FROM btwin.attached_object o WHERE o.kind = 'note function';
END
$detach_notes$;
COMMENT ON FUNCTION btwin._detach_notes(boolean, boolean) IS
'Internal: drops the triggers and their functions.';

INSERT INTO btwin.attach_step (position, step, check_function, attach_function, detach_function, comment) VALUES
    (60, 'notes', 'btwin._check_notes', 'btwin._attach_notes', 'btwin._detach_notes', 'triggers that note late changes');
