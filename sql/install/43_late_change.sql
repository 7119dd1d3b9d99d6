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
COMMENT ON COLUMN btwin.store_source.moment_column IS 'Its column; a row without this moment, or with one outside the years 1 to 9999, is in no state';
GRANT SELECT ON btwin.store_source TO PUBLIC;
INSERT INTO btwin.store_source (table_name, moment_column) VALUES
    ('study_sessions',            'started_at'),
    ('reviews',                   'reviewed_at'),
    ('behavioral_events',         'timestamp'),
    ('cognitive_load_metrics',    'timestamp'),
    ('missions',                  'date'),
    ('personalization_outcomes',  'timestamp'),
    ('struggle_predictions',      'actual_outcome_recorded_at');

-- How notes get into btwin.late_change. The first late change of a transaction is
-- written at once. Further ones are kept in the transaction-local setting
-- btwin_note.pending, where the same learner and day is found again, and written
-- many at a time, in one subtransaction: whenever 2,000 bytes are together, and
-- before commit by a deferred trigger that the first note has put in the queue.
-- Readers in the same transaction look into the setting (btwin._pending_notes).
--
-- The setting is undone with a subtransaction, as rows are. It is one of
--   (empty)  nothing is pending and no deferred trigger is queued
--   first    the first note is being written
--   queued   and the deferred trigger is queued: its own condition writes this, so
--            nothing is left pending where it is missing or disabled
--   fired    and it has fired at once (SET CONSTRAINTS IMMEDIATE): so does each note
--   direct   each note is written at once: this is an operation that PostgreSQL
--            restricts, where a deferred trigger is refused (REFRESH MATERIALIZED VIEW;
--            from 16 on what logical replication applies). Behind the word the last
--            notes, not to be written again. The end of the operation undoes settings
--            made in it: that costs a note written twice, and one that was gathered
--            there by a transaction that had the trigger queued already is lost
--   \nDAY@LEARNER\n\n\nDAY@LEARNER\n\n\n
--            notes to be written, newest first (\n: none), the trigger is queued. DAY
--            counts from 1970-01-01 in UTC. A line end within an id is written \n. so
--            that no note can be found within another, or where one begins another
--   !NMOMENT writing failed and a warning was given: what the client sent at that
--            moment (statement_timestamp) is not troubled again. N is 1 where the
--            trigger is queued
-- A deferred trigger that finds the setting empty was queued before the transaction
-- reset all its settings: what was pending is lost, so everything is noted.

CREATE FUNCTION btwin._note_block(pending text, failed text, undone text, again text DEFAULT '') RETURNS text
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $note_block$
SELECT format($block$BEGIN
                -- whoever locks the notes must not hold the application up, nor meet it in a deadlock
                patience := current_setting('lock_timeout');
                setting := set_config('lock_timeout', '500ms', true);
                %s
                setting := set_config('lock_timeout', patience, true);
            EXCEPTION WHEN OTHERS THEN
                %s-- A transaction that cannot be serialized has to end. All else (a full
                -- disk or a quota, damage, a deadlock among the notes) is undone with
                -- this block and no fault of the application; a cancelled statement
                -- never comes here.
                IF sqlstate LIKE '40%%' AND sqlstate <> '40P01' THEN
                    RAISE;
                END IF;
                RAISE WARNING 'btwin could not note %s: %%', sqlerrm
                    USING ERRCODE = '01000',
                          DETAIL = 'What is stored may miss them.',
                          HINT = 'SELECT btwin.rebuild() works everything out anew; SELECT * FROM btwin.verify(heal => true) looks for differences.';
                %s
            END;$block$,
              CASE WHEN pending IS NULL
                   THEN $insert$INSERT INTO btwin.late_change (user_id, from_day, to_day) VALUES (NULL, '-infinity', 'infinity');$insert$
                   ELSE format($insert$INSERT INTO btwin.late_change (user_id, from_day, to_day)
                SELECT replace(substr(e, strpos(e, '@') + 1), E'\n.', E'\n'), d.day, d.day
                FROM string_to_table(%s, E'\n\n') AS e
                CROSS JOIN LATERAL (SELECT CASE split_part(e, '@', 1) WHEN E'\n-infinity' THEN '-infinity' WHEN E'\ninfinity' THEN 'infinity'
                                                ELSE date '1970-01-01' + substr(split_part(e, '@', 1), 2)::integer END) AS d (day)
                WHERE e <> E'\n';$insert$, pending) END,
              again, failed, undone)
$note_block$;
COMMENT ON FUNCTION btwin._note_block(text, text, text, text) IS
'Internal: text of the protected block that writes the notes of a PL/pgSQL expression (NULL: everything). failed: what the warning says could not be noted; undone: statements for that case; again: statements before it that may try once more.';

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
    old_note    text;
    new_note    text;
BEGIN
    SELECT quote_ident(max(a.found_name::text) FILTER (WHERE a.column_name = t.learner_column)),
           quote_ident(max(a.found_name::text) FILTER (WHERE a.column_name = s.moment_column)),
           bool_or(a.expression LIKE '%AT TIME ZONE%') FILTER (WHERE a.column_name = s.moment_column)
    INTO learner, moment, is_utc
    FROM btwin.store_source s
    JOIN btwin.domain_table t ON t.table_name = s.table_name
    CROSS JOIN LATERAL btwin._adoption(schema_name, s.table_name) a
    WHERE s.table_name = _note_statements.table_name;

    -- Ages are judged by the clock after the row is written, in UTC, whatever the
    -- time zone of the session: what a clock 48 hours west shows, UTC showed 48
    -- hours ago. (One function call less than a zone by name and a subtraction.)
    old_guard := format(CASE WHEN is_utc THEN 'old.%s < (clock_timestamp() AT TIME ZONE interval ''-48:00'')'
                             ELSE 'old.%s < clock_timestamp() - interval ''48:00''' END, moment);
    new_guard := replace(old_guard, 'old.', 'new.');
    -- NULL where learner or moment are. No setting of the session reaches it: neither
    -- zone nor DateStyle, nor extra_float_digits, which shortens floats to less than a day
    old_note := format($note$E'\n' || CASE WHEN isfinite(old.%1$s) THEN floor(date_part('epoch', old.%1$s) / 86400)::integer::text ELSE old.%1$s::text END
            || '@' || replace(old.%2$s, E'\n', E'\n.') || E'\n\n'$note$, moment, learner);
    new_note := replace(old_note, 'old.', 'new.');

    function_text := format($function$CREATE FUNCTION btwin.%1$I() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $note$
DECLARE
    pending     text := coalesce(current_setting('btwin_note.pending', true), '');
    note        text := %2$s;
    other       text;
    sent_at     text;
    written     text;
    queued      boolean;
    patience    text;
    setting     text;   -- assigned only because PERFORM costs four times as much
BEGIN
    IF TG_OP <> 'INSERT' THEN
        other := nullif(%3$s, note);
    END IF;
    LOOP
        IF note IS NULL OR strpos(pending, note) > 0 THEN
            NULL;
        ELSIF starts_with(pending, E'\n') AND octet_length(pending) < 2000 THEN
            pending := set_config('btwin_note.pending', note || pending, true);
        ELSE
            sent_at := extract(epoch FROM statement_timestamp());
            IF starts_with(pending, '!') THEN
                EXIT WHEN substr(pending, 3) = sent_at;
                pending := CASE substr(pending, 2, 1) WHEN '1' THEN E'\n' ELSE '' END;
            END IF;
            queued := starts_with(pending, E'\n');
            written := note || CASE WHEN queued THEN pending ELSE E'\n' END;
            pending := CASE WHEN queued THEN E'\n' WHEN starts_with(pending, 'direct') THEN pending ELSE 'first' END;
            setting := set_config('btwin_note.pending', pending, true);
            %4$s
            IF current_setting('btwin_note.pending') = 'queued' THEN
                pending := E'\n';
            ELSIF pending = 'first' THEN
                pending := '';
            ELSIF starts_with(pending, 'direct') THEN
                pending := 'direct' || note || substr(pending, 7, 2000);
            END IF;
            setting := set_config('btwin_note.pending', pending, true);
        END IF;
        EXIT WHEN other IS NULL;
        note := other;
        other := NULL;
    END LOOP;
    RETURN NULL;
END
$note$$function$, '_note_' || table_name, new_note, old_note,
        btwin._note_block('written', 'late changes of table ' || table_name,
                          $undone$pending := CASE WHEN queued THEN '!1' ELSE '!0' END || sent_at;$undone$,
                          $again$-- the trigger could not be queued, or there is no right on the notes
                IF sqlstate = '42501' AND pending = 'first' THEN
                    pending := 'direct';
                    CONTINUE;
                END IF;
                $again$));

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
SELECT format($function$CREATE FUNCTION btwin._note_truncate() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $note$
DECLARE
    patience    text;
    setting     text;   -- assigned only because PERFORM costs four times as much
BEGIN
            %s
    RETURN NULL;
END
$note$$function$, btwin._note_block(NULL, 'that a table was emptied', 'NULL;'))
$note_truncate_statement$;
COMMENT ON FUNCTION btwin._note_truncate_statement() IS
'Internal: the statement that makes the trigger function of TRUNCATE.';

CREATE FUNCTION btwin._note_flush_statement() RETURNS text
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $note_flush_statement$
SELECT format($function$CREATE FUNCTION btwin._note_flush() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $note$
DECLARE
    pending     text := coalesce(current_setting('btwin_note.pending', true), '');
    patience    text;
    setting     text;   -- assigned only because PERFORM costs four times as much
BEGIN
    IF pending = 'queued' THEN
        setting := set_config('btwin_note.pending', 'fired', true);
        RETURN NULL;
    ELSIF pending = '' THEN
            %s
    ELSIF starts_with(pending, E'\n') AND pending <> E'\n' THEN
            %s
    END IF;
    setting := set_config('btwin_note.pending', '', true);
    RETURN NULL;
END
$note$$function$, btwin._note_block(NULL, 'late changes', 'NULL;'), btwin._note_block('pending', 'late changes', 'NULL;'))
$note_flush_statement$;
COMMENT ON FUNCTION btwin._note_flush_statement() IS
'Internal: the statement that makes the trigger function that writes pending notes before commit.';

CREATE FUNCTION btwin._pending_notes() RETURNS TABLE (user_id text, day date)
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 10
SET search_path = pg_catalog, pg_temp
AS $pending_notes$
DECLARE
    pending text := coalesce(current_setting('btwin_note.pending', true), '');
BEGIN
    IF starts_with(pending, E'\n') THEN
        RETURN QUERY
        SELECT replace(substr(e, strpos(e, '@') + 1), E'\n.', E'\n'),
               CASE split_part(e, '@', 1) WHEN E'\n-infinity' THEN '-infinity' WHEN E'\ninfinity' THEN 'infinity'
                    ELSE date '1970-01-01' + substr(split_part(e, '@', 1), 2)::integer END
        FROM string_to_table(pending, E'\n\n') AS e
        WHERE e ~ '^\n(-?[0-9]{1,8}|-?infinity)@';
    END IF;
END
$pending_notes$;
COMMENT ON FUNCTION btwin._pending_notes() IS
'Internal: notes of this transaction that are not in btwin.late_change yet.';

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
RETURNS TABLE (table_name name, relation oid, relation_owner name, is_leaf boolean)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $trigger_tables$
SELECT s.table_name, c.oid, pg_get_userbyid(c.relowner), c.oid <> to_regclass(format('%I.%I', schema_name, s.table_name))
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

-- The owner of a table need not see schema btwin, where the function is. So the
-- role that owns the function makes the trigger, by a right lent for the moment:
-- on partitions too, which get the trigger as well and may have other owners.
CREATE FUNCTION btwin._create_trigger(relation regclass, relation_owner name, trigger_name name, statement text) RETURNS boolean
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $create_trigger$
DECLARE
    lent    oid[];
BEGIN
    PERFORM btwin._drop_trigger(relation, relation_owner, trigger_name);
    SELECT coalesce(array_agg(c.oid ORDER BY c.oid), '{}') INTO lent
    FROM pg_class c
    WHERE (c.oid = relation OR c.oid IN (SELECT p.relid FROM pg_partition_tree(relation) p)) AND NOT has_table_privilege(c.oid, 'TRIGGER');
    PERFORM btwin._execute_as(pg_get_userbyid(c.relowner), format('GRANT TRIGGER ON %s TO %I', c.oid::regclass, current_user)) FROM pg_class c WHERE c.oid = ANY (lent);
    EXECUTE statement;
    PERFORM btwin._execute_as(pg_get_userbyid(c.relowner), format('REVOKE TRIGGER ON %s FROM %I', c.oid::regclass, current_user)) FROM pg_class c WHERE c.oid = ANY (lent);
    RETURN btwin._execute_as(relation_owner, format('ALTER TABLE %s ENABLE ALWAYS TRIGGER %I', relation, trigger_name));
END
$create_trigger$;
COMMENT ON FUNCTION btwin._create_trigger(regclass, name, name, text) IS
'Internal: makes a trigger, in place of one of that name, that fires for replicated rows too.';

-- A trigger of a table with pending events can be neither made nor dropped.
CREATE FUNCTION btwin._write_pending_notes() RETURNS boolean
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $write_pending_notes$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = to_regclass('btwin.late_change') AND t.tgname = 'btwin_note_flush') THEN
        RETURN false;
    END IF;
    SET CONSTRAINTS btwin.btwin_note_flush IMMEDIATE;
    SET CONSTRAINTS btwin.btwin_note_flush DEFERRED;
    -- what was written at once is remembered, and may be taken now
    PERFORM set_config('btwin_note.pending', '', true) WHERE starts_with(current_setting('btwin_note.pending', true), 'direct');
    RETURN true;
END
$write_pending_notes$;
COMMENT ON FUNCTION btwin._write_pending_notes() IS
'Internal: writes the notes of this transaction that are pending.';

CREATE FUNCTION btwin._enable_triggers(relation regclass, relation_owner name) RETURNS boolean
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $enable_triggers$
DECLARE
    disabled    name;
    any_found   boolean := false;
BEGIN
    FOR disabled IN
        SELECT t.tgname FROM pg_trigger t
        WHERE t.tgrelid = relation AND t.tgname LIKE 'btwin\_note\_%' AND t.tgenabled <> 'A' ORDER BY t.tgname
    LOOP
        PERFORM btwin._execute_as(relation_owner, format('ALTER TABLE %s ENABLE ALWAYS TRIGGER %I', relation, disabled));
        any_found := true;
    END LOOP;
    RETURN any_found;
END
$enable_triggers$;
COMMENT ON FUNCTION btwin._enable_triggers(regclass, name) IS
'Internal: lets the triggers of a table fire always; true where one did not.';

CREATE FUNCTION btwin._make_note_function(function_name name, table_name name, statement text, definition text) RETURNS text
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $make_note_function$
#variable_conflict use_column
DECLARE
    signature   text := format('btwin.%I()', function_name);
    stands      boolean := to_regprocedure(signature) IS NOT NULL;
BEGIN
    IF stands AND EXISTS (SELECT FROM btwin.attached_object o
                          WHERE o.kind = 'note function' AND o.object_name = function_name AND o.definition = _make_note_function.definition) THEN
        RETURN 'found';
    END IF;
    EXECUTE regexp_replace(statement, '^CREATE FUNCTION', 'CREATE OR REPLACE FUNCTION');
    EXECUTE format('COMMENT ON FUNCTION %s IS %L', signature,
                   'Internal: notes late changes. SECURITY DEFINER: whoever changes a row has no right on the notes; it writes learner and day of that row, or that all may have changed, and nothing else.');
    INSERT INTO btwin.attached_object (kind, schema_name, object_name, table_name, made, definition)
    VALUES ('note function', 'btwin', function_name, table_name, true, _make_note_function.definition)
    ON CONFLICT (kind, schema_name, object_name) DO UPDATE SET made = true, definition = excluded.definition;
    RETURN CASE WHEN stands THEN 'changed' ELSE 'created' END;
END
$make_note_function$;
COMMENT ON FUNCTION btwin._make_note_function(name, name, text, text) IS
'Internal: makes a trigger function unless it stands as defined; says found, created or changed.';

CREATE FUNCTION btwin._attach_notes(schema_name name, create_indexes boolean)
RETURNS TABLE (object text, kind text, action text, detail text)
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $attach_notes$
#variable_conflict use_column
DECLARE
    wanted  boolean := (SELECT a.triggers FROM btwin.attachment a);
    names   CONSTANT name[] := '{btwin_note_insert,btwin_note_update,btwin_note_delete}';
    source  record;
    part    record;
    made    record;
    was     text;
    unseen  boolean := false;
BEGIN
    IF NOT wanted THEN
        RETURN QUERY SELECT d.object, d.kind, d.action, d.detail FROM btwin._detach_notes(false, false) AS d;
        RETURN;
    END IF;

    kind := 'function';
    object := 'btwin._note_truncate()';
    detail := 'notes that a table was emptied';
    action := btwin._make_note_function('_note_truncate', '', btwin._note_truncate_statement(), btwin._note_truncate_statement());
    RETURN NEXT;
    object := 'btwin._note_flush()';
    detail := 'writes pending notes before commit';
    action := btwin._make_note_function('_note_flush', '', btwin._note_flush_statement(), btwin._note_flush_statement());
    RETURN NEXT;
    kind := 'trigger';
    object := 'btwin_note_flush on btwin.late_change';
    detail := 'pending notes, before commit';
    action := 'found';
    IF NOT EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = 'btwin.late_change'::regclass AND t.tgname = 'btwin_note_flush' AND t.tgenabled = 'A') THEN
        PERFORM btwin._write_pending_notes();
        PERFORM btwin._create_trigger('btwin.late_change', pg_get_userbyid(c.relowner), 'btwin_note_flush',
                                      $create$CREATE CONSTRAINT TRIGGER btwin_note_flush AFTER INSERT ON btwin.late_change DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (CASE WHEN current_setting('btwin_note.pending', true) = 'first' THEN set_config('btwin_note.pending', 'queued', true) = 'queued' ELSE false END)
    EXECUTE FUNCTION btwin._note_flush()$create$)
        FROM pg_class c WHERE c.oid = 'btwin.late_change'::regclass;
        action := 'created';
    END IF;
    RETURN NEXT;

    FOR source IN SELECT s.table_name FROM btwin.store_source s ORDER BY s.table_name LOOP
        made := btwin._note_statements(schema_name, source.table_name);
        kind := 'function';
        object := format('btwin.%I()', '_note_' || source.table_name);
        detail := format('notes late changes of %I', source.table_name);
        was := btwin._make_note_function('_note_' || source.table_name, source.table_name, made.function_text,
                                         concat_ws(E';\n', made.function_text, made.insert_trigger, made.update_trigger, made.delete_trigger));
        action := was;
        RETURN NEXT;

        kind := 'trigger';
        FOR part IN SELECT t.relation::regclass AS relation, t.relation_owner, t.is_leaf FROM btwin._trigger_tables(schema_name) t WHERE t.table_name = source.table_name LOOP
            object := format('btwin_note on %s', part.relation);
            detail := CASE WHEN part.is_leaf THEN 'TRUNCATE of the partition' ELSE 'INSERT, UPDATE, DELETE, TRUNCATE' END;
            action := 'found';
            IF NOT part.is_leaf
               AND (was <> 'found' OR (SELECT count(*) FROM pg_trigger t WHERE t.tgrelid = part.relation AND t.tgname = ANY (names)) <> cardinality(names)) THEN
                PERFORM btwin._create_trigger(part.relation, part.relation_owner, 'btwin_note_insert', made.insert_trigger),
                        btwin._create_trigger(part.relation, part.relation_owner, 'btwin_note_update', made.update_trigger),
                        btwin._create_trigger(part.relation, part.relation_owner, 'btwin_note_delete', made.delete_trigger);
                action := 'created';
                unseen := true;
            END IF;
            IF NOT EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = part.relation AND t.tgname = 'btwin_note_truncate') THEN
                PERFORM btwin._create_trigger(part.relation, part.relation_owner, 'btwin_note_truncate',
                                              format('CREATE TRIGGER btwin_note_truncate AFTER TRUNCATE ON %s FOR EACH STATEMENT EXECUTE FUNCTION btwin._note_truncate()', part.relation));
                action := 'created';
            END IF;
            -- disabled, or of a partition that came with the ordinary firing
            IF btwin._enable_triggers(part.relation, part.relation_owner) AND action = 'found' THEN
                action := 'changed';
                detail := 'enabled again';
                unseen := true;
            END IF;
            RETURN NEXT;
        END LOOP;
    END LOOP;
    -- what changed before there were triggers nobody noted
    IF unseen AND EXISTS (SELECT FROM btwin.user_mark) THEN
        INSERT INTO btwin.late_change (user_id, from_day, to_day) VALUES (NULL, '-infinity', 'infinity');
    END IF;
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
    PERFORM btwin._write_pending_notes();
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
