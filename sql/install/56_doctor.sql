-- doctor: what is wrong around the attached tables, each finding with the SQL
-- that mends it. It only reads.
--
-- btwin.doctor_finding lists the findings and the function that looks for each.
-- A check that fails, or may not look, is itself a finding (check_skipped): one
-- of them never hides the others. A later module adds its checks by adding rows.

CREATE FUNCTION btwin.library_version() RETURNS text
    LANGUAGE C STABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'btwin_library_version';
COMMENT ON FUNCTION btwin.library_version() IS
'Version of the library that this session has loaded, e.g. 0.2.0. After an upgrade of the files a session keeps the old library until it ends; pg_extension.extversion is the version of the SQL objects.';

CREATE TABLE btwin.doctor_finding (
    finding         text PRIMARY KEY,
    position        integer NOT NULL UNIQUE,
    severity        text NOT NULL CHECK (severity IN ('error', 'warning', 'notice')),
    check_function  text,
    needs_attached  boolean NOT NULL,
    object          text NOT NULL,
    meaning         text NOT NULL,
    mend            text NOT NULL
);
COMMENT ON TABLE btwin.doctor_finding IS
'The findings of btwin.doctor. A check function is named with its schema and called as check(options jsonb) returns table (finding text, object text, detail text, mend text) with the arguments of btwin.doctor by name';
COMMENT ON COLUMN btwin.doctor_finding.finding IS 'Code, which never changes its meaning';
COMMENT ON COLUMN btwin.doctor_finding.position IS 'Order within a severity';
COMMENT ON COLUMN btwin.doctor_finding.severity IS 'error: answers may be wrong, or rows are open to those who must not see them; warning: slower than need be, or about to go wrong; notice: worth knowing';
COMMENT ON COLUMN btwin.doctor_finding.check_function IS 'Function that looks for it; NULL: btwin.doctor itself';
COMMENT ON COLUMN btwin.doctor_finding.needs_attached IS 'Looked for only while a schema is attached';
COMMENT ON COLUMN btwin.doctor_finding.object IS 'What its object is';
COMMENT ON COLUMN btwin.doctor_finding.meaning IS 'What it means, and when it is reported';
COMMENT ON COLUMN btwin.doctor_finding.mend IS 'How it is mended, and as whom';
GRANT SELECT ON btwin.doctor_finding TO PUBLIC;

INSERT INTO btwin.doctor_finding (position, finding, severity, check_function, needs_attached, object, meaning, mend) VALUES
    (10, 'library_missing',      'error',   'btwin._doctor_version',    false, 'library',
     'The library cannot be loaded, or is one from before it could tell its version', 'Decision: which package or build to install'),
    (11, 'library_mismatch',     'error',   'btwin._doctor_version',    false, 'library',
     'The library this session has loaded is of another version than the SQL objects of this database', 'ALTER EXTENSION, where a path of updates leads to the version of the library; else a decision'),
    (12, 'control_mismatch',     'warning', 'btwin._doctor_version',    false, 'extension',
     'The installed files are for another version than this database has, though the library in this session is not: the files were upgraded since the session began, or only in part', 'ALTER EXTENSION, where a path of updates leads there; else a decision'),
    (20, 'object_missing',       'error',   'btwin._doctor_objects',    true,  'table, view or function',
     'Something that attach makes is gone, or a table of the application is', 'btwin.attach, which makes it anew'),
    (21, 'object_outdated',      'error',   'btwin._doctor_objects',    true,  'view or function',
     'An adapter view, window function or trigger function is another one than attach would make now: the extension was updated, or a table altered', 'btwin.attach, which makes it anew'),
    (22, 'view_unprotected',     'error',   'btwin._doctor_objects',    true,  'view',
     'An adapter view reads with the rights of its owner (security_invoker is off), past row security', 'ALTER VIEW, as its owner'),
    (30, 'trigger_missing',      'error',   'btwin._doctor_triggers',   true,  'trigger on table',
     'A trigger that notes changes of old rows is gone: the store no longer learns of them', 'btwin.attach, which makes it and has everything worked out anew by the next refresh'),
    (31, 'trigger_disabled',     'error',   'btwin._doctor_triggers',   true,  'trigger on table',
     'A trigger that notes changes of old rows does not fire, or not for replicated rows', 'btwin.attach, which enables it and has everything worked out anew by the next refresh'),
    (32, 'partition_unseen',     'notice',  'btwin._doctor_triggers',   true,  'table',
     'A partition was attached, detached, dropped or replaced since the last refresh: until the next one stored answers do not know', 'btwin.refresh'),
    (40, 'store_damaged',        'error',   'btwin._doctor_store',      true,  'learner',
     'What is stored of a learner is not what the tables say (btwin.verify, over sample_learners of them drawn at random)', 'btwin.verify with heal: right at once, stored anew by the next refresh'),
    (50, 'refresh_failed',       'error',   'btwin._doctor_refresh',    true,  'run',
     'The last refresh could not refresh all learners', 'btwin.refresh, after the fault that the detail names is removed'),
    (51, 'refresh_abandoned',    'warning', 'btwin._doctor_refresh',    true,  'run',
     'The last refresh ended without a word: its session or server was stopped', 'btwin.refresh, which goes on where it stopped'),
    (52, 'refresh_late',         'warning', 'btwin._doctor_refresh',    true,  'btwin.refresh',
     'No refresh has begun for refresh_hours, or none ever: answers are right, and slower by the day', 'btwin.refresh; schedule it'),
    (53, 'refresh_held',         'warning', 'btwin._doctor_refresh',    true,  'transaction',
     'A transaction that has been open for more than refresh_hours keeps days from being closed', 'Decision: whether to end it'),
    (55, 'job_failing',          'error',   'btwin._doctor_jobs',       true,  'job',
     'The last run of a job failed, or was abandoned', 'The statement of the job, as its owner, after the fault that the detail names is removed'),
    (56, 'job_overdue',          'warning', 'btwin._doctor_jobs',       true,  'job',
     'A job is scheduled, and no run ended well for two of its periods', 'The statement of the job, as its owner; and a look at the scheduler'),
    (57, 'job_orphaned',         'warning', 'btwin._doctor_jobs',       false, 'job',
     'pg_cron runs a job of btwin for a database, a table or an index that is gone, or one that btwin did not schedule', 'cron.unschedule, as the role whose job it is, or as a superuser'),
    (58, 'jobs_unscheduled',     'notice',  'btwin._doctor_jobs',       true,  'btwin.job',
     'Jobs of btwin.job are scheduled nowhere, or pg_cron has lost them', 'btwin.schedule_jobs, as the owner of what is attached; with schedules => ''{"bloat": null}'' a job is left out for good'),
    (59, 'cron_serialised',      'warning', 'btwin._doctor_cron',       false, 'setting',
     'pg_cron before 1.5 with background workers lets every job wait for the slowest one', 'ALTER SYSTEM, as a superuser, and a restart: pg_cron then connects to the server, which pg_hba.conf must allow'),
    (60, 'cron_old',             'notice',  'btwin._doctor_cron',       false, 'extension',
     'pg_cron is older than its installed files, or than 1.4', 'ALTER EXTENSION, as its owner; else a decision'),
    (65, 'index_invalid',        'error',   'btwin._doctor_indexes',    true,  'index',
     'An index is invalid: CREATE or REINDEX INDEX CONCURRENTLY was interrupted. It costs every write and serves no read', 'REINDEX INDEX CONCURRENTLY; what a REINDEX left over (_ccnew, _ccold) is dropped; as the owner of the table, outside of a transaction'),
    (66, 'index_missing',        'warning', 'btwin._doctor_indexes',    true,  'index',
     'No index serves what a row of btwin.index_catalog is for', 'CREATE INDEX CONCURRENTLY, as the owner of the table, outside of a transaction; plainly on a partitioned table'),
    (67, 'index_bloated',        'warning', 'btwin._doctor_bloat',      true,  'index',
     'More than bloat_percent of an index, and at least bloat_min_bytes, is empty: estimated, and measured where pgstattuple may be called', 'REINDEX INDEX CONCURRENTLY, as the owner of the table, outside of a transaction'),
    (68, 'index_unused',         'notice',  'btwin._doctor_indexes',    true,  'index',
     'An index that attach created on a table of a thousand rows or more was not read for unused_days. Reads of standbys are not counted here', 'Decision: whether it can go'),
    (70, 'statistics_stale',     'warning', 'btwin._doctor_statistics', true,  'table',
     'A table was never analysed, or a fifth of it changed since, and 500 rows: plans go wrong. Partitioned tables are never analysed by autovacuum', 'ANALYZE, as the owner of the table'),
    (80, 'table_exposed',        'error',   'btwin._doctor_exposure',   true,  'table',
     'A table with rows of learners, or a partition of one, can be read by PUBLIC or by a web role, and its row security is off', 'ALTER TABLE ... ENABLE ROW LEVEL SECURITY, as the owner of the table: from then on such a role sees what policies allow, without one nothing'),
    (81, 'role_unrestricted',    'error',   'btwin._doctor_exposure',   true,  'role',
     'A web role is superuser or passes row security (BYPASSRLS)', 'ALTER ROLE, as a superuser'),
    (82, 'matview_exposed',      'error',   'btwin._doctor_exposure',   true,  'materialized view',
     'A materialized view over rows of learners can be read by PUBLIC or by a web role: it has no row security', 'REVOKE, as its owner'),
    (90, 'zone_unknown',         'error',   'btwin._doctor_zones',      true,  'time zone',
     'The server does not know the time zone of a learner: its answers fail', 'UPDATE of btwin.learner: the default zone from then on'),
    (91, 'zone_default_unknown', 'error',   'btwin._doctor_zones',      true,  'time zone',
     'The server does not know the default time zone: answers of learners without a zone of their own fail', 'btwin.attach with UTC, or with another zone'),
    (92, 'zone_abbreviation',    'warning', 'btwin._doctor_zones',      true,  'time zone',
     'The time zone of a learner is an abbreviation, an offset or a rule: it knows no summer time, or another one', 'UPDATE of btwin.learner: the default zone from then on'),
    (93, 'zone_of_server',       'warning', 'btwin._doctor_zones',      true,  'setting',
     'Adopted tables have columns of type timestamp, which btwin takes as UTC, and sessions of this database begin in another time zone: what the server fills in or converts there is local time', 'ALTER DATABASE ... SET TimeZone, as its owner; sessions that begin later have it'),
    (94, 'zone_not_chosen',      'notice',  'btwin._doctor_zones',      true,  'btwin.attachment',
     'The default time zone is UTC and not one learner has a zone: hours and weekdays are those of UTC', 'Decision: which zone'),
    (98, 'not_attached',         'notice',  NULL,                       false, 'btwin',
     'No schema of this database is attached: only versions and jobs were looked at', 'btwin.attach'),
    (99, 'check_skipped',        'notice',  NULL,                       false, 'check function',
     'A check could not look: a right is missing, or it failed; the detail says what happened', 'GRANT of what is missing where that is enough; else who is to call');

-- Rights that a check needs. One row where some are missing, none else.

CREATE FUNCTION btwin._doctor_rights(check_function text, relations oid[])
RETURNS TABLE (finding text, object text, detail text, mend text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $doctor_rights$
WITH lacking AS MATERIALIZED (
    SELECT c.oid, c.oid::regclass::text AS name, c.relnamespace
    FROM unnest(relations) AS r (oid) JOIN pg_class c ON c.oid = r.oid
    WHERE NOT has_table_privilege(c.oid, 'SELECT') OR NOT has_schema_privilege(c.relnamespace, 'USAGE')
), statement AS (
    SELECT 1 AS position, format('GRANT USAGE ON SCHEMA %s TO %I;', string_agg(quote_ident(n.nspname), ', ' ORDER BY n.nspname), current_user) AS text
    FROM pg_namespace n WHERE n.oid IN (SELECT l.relnamespace FROM lacking l) AND NOT has_schema_privilege(n.oid, 'USAGE')
    HAVING count(*) > 0
    UNION ALL
    SELECT 2, format('GRANT SELECT ON TABLE %s TO %I;', string_agg(l.name, ', ' ORDER BY l.name), current_user)
    FROM lacking l WHERE NOT has_table_privilege(l.oid, 'SELECT')
    HAVING count(*) > 0
)
SELECT 'check_skipped', check_function,
       format('role %I may not read %s', current_user, (SELECT string_agg(l.name, ', ' ORDER BY l.name) FROM lacking l)),
       (SELECT string_agg(s.text, ' ' ORDER BY s.position) FROM statement s)
WHERE EXISTS (SELECT FROM lacking)
UNION ALL
SELECT 'check_skipped', check_function,
       format('row security hides rows of %s from role %I', string_agg(c.oid::regclass::text, ', ' ORDER BY c.oid::regclass::text), current_user),
       format('-- call btwin.doctor as a role that sees every row: the owner of the tables, or one with BYPASSRLS: SET ROLE %I;', max(pg_get_userbyid(c.relowner)))
FROM unnest(relations) AS r (oid) JOIN pg_class c ON c.oid = r.oid
WHERE NOT EXISTS (SELECT FROM lacking) AND c.relrowsecurity AND row_security_active(c.oid)
HAVING count(*) > 0
$doctor_rights$;
COMMENT ON FUNCTION btwin._doctor_rights(text, oid[]) IS
'Internal: a finding that names the rights on relations which the caller lacks for a check, if any.';

-- Tables that hold rows of learners: those of the application and the store's,
-- with their partitions.
CREATE FUNCTION btwin._doctor_relations()
RETURNS TABLE (relation oid, root oid, of_application boolean, of_learners boolean)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $doctor_relations$
SELECT c.oid, r.root, r.of_application, r.of_learners
FROM (SELECT to_regclass(format('%I.%I', btwin.attached_schema(), t.table_name))::oid, true, coalesce(t.learner_column, t.learner_via) IS NOT NULL
      FROM btwin.domain_table t
      UNION ALL
      SELECT to_regclass(format('btwin.%I', n.name))::oid, false,
             EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = to_regclass(format('btwin.%I', n.name)) AND a.attname = 'user_id')
      FROM unnest(btwin._store_tables() || btwin._job_tables() || '{learner}'::name[]) AS n (name)) AS r (root, of_application, of_learners)
CROSS JOIN LATERAL (SELECT r.root AS relid UNION SELECT p.relid FROM pg_partition_tree(r.root) p) AS p
JOIN pg_class c ON c.oid = p.relid AND c.relkind IN ('r', 'p')
$doctor_relations$;
COMMENT ON FUNCTION btwin._doctor_relations() IS
'Internal: the attached tables, btwin.learner and the store, with partitions.';

-- Versions

CREATE FUNCTION btwin._doctor_version(options jsonb)
RETURNS TABLE (finding text, object text, detail text, mend text)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $doctor_version$
#variable_conflict use_column
DECLARE
    of_sql      text := (SELECT e.extversion FROM pg_extension e WHERE e.extname = 'btwin');
    of_library  text;
    of_files    text;
    problem     text;
BEGIN
    BEGIN
        of_library := btwin.library_version();
    EXCEPTION WHEN OTHERS THEN
        problem := sqlerrm;
    END;
    -- the files are not there either where a server lost them
    BEGIN
        SELECT a.default_version INTO of_files FROM pg_available_extensions a WHERE a.name = 'btwin';
    EXCEPTION WHEN OTHERS THEN
        of_files := NULL;
    END;
    object := 'btwin';
    IF of_library IS NULL THEN
        finding := 'library_missing';
        detail := format('the SQL objects are of version %s; %s', of_sql, problem);
        mend := format('-- install the library of version %s (the package of this server''s version, or make install), then reconnect', of_sql);
        RETURN NEXT;
    ELSIF of_library <> of_sql THEN
        finding := 'library_mismatch';
        detail := format('the library is of version %s, the SQL objects are of version %s', of_library, of_sql);
        mend := btwin._doctor_update(of_sql, of_library);
        RETURN NEXT;
    ELSIF of_files <> of_sql THEN
        finding := 'control_mismatch';
        detail := format('the installed files are for version %s, this session''s library and the SQL objects are of version %s', of_files, of_sql);
        mend := btwin._doctor_update(of_sql, of_files);
        RETURN NEXT;
    END IF;
END
$doctor_version$;
COMMENT ON FUNCTION btwin._doctor_version(jsonb) IS
'Internal: check of versions.';

CREATE FUNCTION btwin._doctor_update(from_version text, to_version text) RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $doctor_update$
SELECT CASE WHEN EXISTS (SELECT FROM pg_extension_update_paths('btwin') p
                         WHERE p.source = from_version AND p.target = to_version AND p.path IS NOT NULL)
            THEN format('ALTER EXTENSION btwin UPDATE TO %L;', to_version)
            ELSE format('-- reconnect; if it is reported again, install the files of one version as a whole: no update leads from %s to %s', from_version, to_version) END
$doctor_update$;
COMMENT ON FUNCTION btwin._doctor_update(text, text) IS
'Internal: the statement that updates the extension, or what to do where none can.';

-- What attach makes

CREATE FUNCTION btwin._doctor_attach(more text DEFAULT '') RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $doctor_attach$
SELECT format('SELECT * FROM btwin.attach(%L, create_indexes => false%s);', btwin.attached_schema(), more)
$doctor_attach$;
COMMENT ON FUNCTION btwin._doctor_attach(text) IS
'Internal: the statement that makes anew what attach makes, without building indexes.';

CREATE FUNCTION btwin._doctor_objects(options jsonb)
RETURNS TABLE (finding text, object text, detail text, mend text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $doctor_objects$
WITH wanted AS MATERIALIZED (
    SELECT 'table' AS kind, format('%I.%I', btwin.attached_schema(), t.table_name) AS object, t.table_name, NULL::text AS definition,
           to_regclass(format('%I.%I', btwin.attached_schema(), t.table_name)) IS NOT NULL AS present
    FROM btwin.domain_table t
    UNION ALL
    SELECT 'store', format('btwin.%I', n.name), n.name, NULL, to_regclass(format('btwin.%I', n.name)) IS NOT NULL
    FROM unnest(btwin._store_tables() || btwin._job_tables() || '{learner}'::name[]) AS n (name)
    UNION ALL
    SELECT 'view', format('btwin.%I', t.table_name), t.table_name, btwin._view_statement(btwin.attached_schema(), t.table_name), btwin._view_exists(t.table_name)
    FROM btwin.domain_table t
    UNION ALL
    SELECT 'function', format('btwin.%I(text, timestamptz, timestamptz)', t.table_name || '_window'), t.table_name,
           -- of a table that is gone there is none
           CASE WHEN to_regclass(format('%I.%I', btwin.attached_schema(), t.table_name)) IS NOT NULL THEN btwin._window_statement(btwin.attached_schema(), t.table_name) END,
           btwin._window_exists(t.table_name)
    FROM btwin.domain_table t WHERE t.learner_column = 'user_id' AND t.moment_column IS NOT NULL
    UNION ALL
    SELECT 'note function', format('btwin.%I()', '_note_' || s.table_name), s.table_name, concat_ws(E';\n', n.function_text, n.insert_trigger, n.update_trigger, n.delete_trigger),
           to_regprocedure(format('btwin.%I()', '_note_' || s.table_name)) IS NOT NULL
    FROM btwin.store_source s CROSS JOIN LATERAL btwin._note_statements(btwin.attached_schema(), s.table_name) AS n
    WHERE (SELECT a.triggers FROM btwin.attachment a) AND to_regclass(format('%I.%I', btwin.attached_schema(), s.table_name)) IS NOT NULL
)
SELECT 'object_missing', w.object,
       CASE w.kind WHEN 'table' THEN 'the table of the application is gone; attach would create an empty one' ELSE format('the %s that attach made is gone', CASE w.kind WHEN 'store' THEN 'table of the store' WHEN 'note function' THEN 'trigger function' ELSE w.kind END) END,
       btwin._doctor_attach()
FROM wanted w WHERE NOT w.present
UNION ALL
SELECT 'object_outdated', w.object, format('the %s is not what attach would make now', replace(w.kind, 'note', 'trigger')), btwin._doctor_attach()
FROM wanted w
WHERE w.present AND w.definition IS NOT NULL
  AND NOT EXISTS (SELECT FROM btwin.attached_object o
                  WHERE o.kind = w.kind AND o.schema_name = 'btwin' AND o.definition = w.definition
                    AND o.object_name = CASE w.kind WHEN 'view' THEN w.table_name WHEN 'function' THEN w.table_name || '_window' ELSE '_note_' || w.table_name END)
UNION ALL
SELECT 'view_unprotected', w.object, 'security_invoker is off: who may read the view reads with the rights of its owner', format('ALTER VIEW %s SET (security_invoker = true);', w.object)
FROM wanted w JOIN pg_class c ON c.oid = to_regclass(w.object)
WHERE w.kind = 'view' AND w.present
  AND NOT EXISTS (SELECT FROM pg_options_to_table(c.reloptions) p WHERE p.option_name = 'security_invoker' AND p.option_value::boolean)
$doctor_objects$;
COMMENT ON FUNCTION btwin._doctor_objects(jsonb) IS
'Internal: check of tables, views, window functions.';

-- Triggers

CREATE FUNCTION btwin._doctor_triggers(options jsonb)
RETURNS TABLE (finding text, object text, detail text, mend text)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $doctor_triggers$
#variable_conflict use_column
DECLARE
    seen oid[];
BEGIN
    IF NOT (SELECT a.triggers FROM btwin.attachment a) THEN
        RETURN;
    END IF;
    IF has_table_privilege(to_regclass('btwin.store_partition'), 'SELECT') THEN
        seen := ARRAY(SELECT p.relation FROM btwin.store_partition p);
    END IF;
    RETURN QUERY
    WITH wanted AS (
        SELECT t.relation AS relation, n.name, t.is_leaf
        FROM btwin._trigger_tables(btwin.attached_schema()) t
        CROSS JOIN unnest('{btwin_note_insert,btwin_note_update,btwin_note_delete,btwin_note_truncate}'::name[]) AS n (name)
        -- row triggers of a partition come and go with its parent's; of a partition
        -- that no refresh has seen yet partition_unseen speaks
        WHERE NOT t.is_leaf
           OR n.name = 'btwin_note_truncate'
              AND (seen IS NULL OR t.relation = ANY (seen) OR (SELECT c.relkind FROM pg_class c WHERE c.oid = t.relation) = 'p')
        UNION ALL
        SELECT to_regclass('btwin.late_change')::oid, 'btwin_note_flush', false
    )
    SELECT 'trigger_missing', format('%I on %s', w.name, w.relation::regclass),
           'changes of old rows are not noted; what changed meanwhile is found by working everything out anew', btwin._doctor_attach()
    FROM wanted w
    WHERE NOT EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = w.relation AND t.tgname = w.name);
    RETURN QUERY
    SELECT 'trigger_disabled', format('%I on %s', t.tgname, r.relation::regclass),
           CASE t.tgenabled WHEN 'D' THEN 'disabled: changes of old rows are not noted' WHEN 'O' THEN 'rows that replication applies are not noted' ELSE 'only rows that replication applies are noted' END,
           btwin._doctor_attach()
    FROM btwin._doctor_relations() r
    JOIN pg_trigger t ON t.tgrelid = r.relation AND t.tgname LIKE 'btwin\_note\_%' AND t.tgenabled <> 'A';
    -- as btwin._note_partitions compares
    RETURN QUERY SELECT r.* FROM btwin._doctor_rights('btwin._doctor_triggers', ARRAY[to_regclass('btwin.store_partition')]::oid[]) AS r;
    IF seen IS NOT NULL THEN
        RETURN QUERY
        WITH now AS (
            SELECT t.table_name, t.relation, t.is_leaf, coalesce(g.oid, 0) AS trigger_id
            FROM btwin._trigger_tables(btwin.attached_schema()) t JOIN pg_class c ON c.oid = t.relation AND c.relkind = 'r'
            LEFT JOIN pg_trigger g ON g.tgrelid = t.relation AND g.tgname = 'btwin_note_insert'
        )
        SELECT 'partition_unseen', coalesce(n.relation::regclass::text, format('%I.%I', btwin.attached_schema(), p.table_name)),
               CASE WHEN n.relation IS NULL THEN 'a partition that the last refresh saw is gone'
                    WHEN p.relation IS NULL THEN format('a partition of %I that the last refresh did not see', n.table_name)
                    ELSE 'a partition that was taken off and put back, or whose triggers were made anew' END,
               'CALL btwin.refresh();'
        FROM now n FULL JOIN btwin.store_partition p ON p.table_name = n.table_name AND p.relation = n.relation
        WHERE (n.relation IS NULL OR p.relation IS NULL OR n.is_leaf AND p.trigger_id <> n.trigger_id)
          AND EXISTS (SELECT FROM btwin.store_partition q WHERE q.table_name = coalesce(n.table_name, p.table_name));
    END IF;
END
$doctor_triggers$;
COMMENT ON FUNCTION btwin._doctor_triggers(jsonb) IS
'Internal: check of the triggers that note changes of old rows, and of partitions.';

-- The store

CREATE FUNCTION btwin._doctor_store(options jsonb)
RETURNS TABLE (finding text, object text, detail text, mend text)
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $doctor_store$
#variable_conflict use_column
BEGIN
    IF (options ->> 'sample_learners')::integer = 0 THEN
        RETURN;
    END IF;
    RETURN QUERY
    SELECT r.* FROM btwin._doctor_rights('btwin._doctor_store', (
        SELECT array_agg(x.relation)
        FROM (SELECT d.root FROM btwin._doctor_relations() d
              UNION SELECT to_regclass(format('btwin.%I', t.table_name)) FROM btwin.domain_table t) AS x (relation)
        -- what btwin.verify reads
        JOIN pg_class c ON c.oid = x.relation
                       AND (c.relname IN ('users', 'learner') OR c.relname = ANY (btwin._store_tables()) AND c.relname NOT IN ('refresh_clock', 'refresh_run', 'store_content', 'store_partition')
                            OR c.relname IN (SELECT s.table_name FROM btwin.store_source s)))) AS r;
    IF FOUND THEN
        RETURN;
    END IF;
    RETURN QUERY
    SELECT 'store_damaged', v.learner_id,
           format('%s stored states differ, the first: %s of %s, %s', count(*), (array_agg(v.family ORDER BY v.tier, v.period, v.family))[1],
                  (array_agg(concat_ws(' ', v.tier, v.period) ORDER BY v.tier, v.period, v.family))[1], (array_agg(v.problem ORDER BY v.tier, v.period, v.family))[1]),
           format('SELECT * FROM btwin.verify(user_id => %L, heal => true);', v.learner_id)
    FROM btwin.verify(sample => (options ->> 'sample_learners')::integer) AS v
    GROUP BY v.learner_id;
END
$doctor_store$;
COMMENT ON FUNCTION btwin._doctor_store(jsonb) IS
'Internal: check of the store against the tables.';

-- Refresh

CREATE FUNCTION btwin._refresh_is_running() RETURNS boolean
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $refresh_is_running$
DECLARE
    key CONSTANT bigint := hashtextextended('btwin.refresh', 0);
BEGIN
    -- between two batches its lock is free for a moment
    FOR attempt IN 1..5 LOOP
        IF EXISTS (SELECT FROM pg_locks l
                   WHERE l.locktype = 'advisory' AND l.objsubid = 1 AND l.database = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())
                     AND l.classid::bigint = (key >> 32) & 4294967295 AND l.objid::bigint = key & 4294967295) THEN
            RETURN true;
        END IF;
        PERFORM pg_sleep(0.01);
    END LOOP;
    RETURN false;
END
$refresh_is_running$;
COMMENT ON FUNCTION btwin._refresh_is_running() IS
'Internal: somebody holds the lock of a refresh.';

CREATE FUNCTION btwin._doctor_refresh(options jsonb)
RETURNS TABLE (finding text, object text, detail text, mend text)
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $doctor_refresh$
#variable_conflict use_column
DECLARE
    patience    interval := make_interval(hours => (options ->> 'refresh_hours')::integer);
    attached_at timestamptz := (SELECT a.attached_at FROM btwin.attachment a);
    newest      record;
    begun       timestamptz;
    closing     timestamptz;
    holder      record;
BEGIN
    RETURN QUERY SELECT r.* FROM btwin._doctor_rights('btwin._doctor_refresh',
                     ARRAY[to_regclass('btwin.refresh_run'), to_regclass('btwin.refresh_clock'), to_regclass('btwin.late_change')]::oid[]) AS r;
    IF FOUND THEN
        RETURN;
    END IF;

    mend := 'CALL btwin.refresh();';
    SELECT r.* INTO newest FROM btwin.refresh_run r ORDER BY r.run_id DESC LIMIT 1;
    IF newest.outcome = 'failed' THEN
        finding := 'refresh_failed';
        object := format('run %s', newest.run_id);
        detail := format('%s of %s learners could not be refreshed, the first: %s', newest.learners - newest.learners_done, newest.learners, newest.error);
        RETURN NEXT;
    ELSIF newest.outcome = 'abandoned' OR newest.outcome = 'running' AND NOT btwin._refresh_is_running() THEN
        finding := 'refresh_abandoned';
        object := format('run %s', newest.run_id);
        detail := format('begun %s, ended after %s of %s learners', newest.started_at, newest.learners_done, newest.learners);
        RETURN NEXT;
    END IF;

    begun := coalesce(newest.started_at, attached_at);
    IF begun < clock_timestamp() - patience AND (newest.outcome IS DISTINCT FROM 'running' OR NOT btwin._refresh_is_running()) THEN
        finding := 'refresh_late';
        object := 'btwin.refresh';
        detail := concat(CASE WHEN newest.run_id IS NULL THEN format('attached %s, never refreshed', attached_at) ELSE format('the last refresh began %s', begun) END,
                         (SELECT format('; %s notes wait, the oldest since %s', count(*), min(c.noted_at)) FROM btwin.late_change c HAVING count(*) > 0));
        RETURN NEXT;
    END IF;

    -- the newest moment that refresh took, and the newest one that every running
    -- transaction is younger than
    SELECT max(c.taken_at) INTO begun FROM btwin.refresh_clock c WHERE c.system_id = (SELECT s.system_identifier FROM pg_control_system() s);
    closing := coalesce(btwin._closed_before() + interval '96 hours',
                        (SELECT min(c.taken_at) FROM btwin.refresh_clock c WHERE c.system_id = (SELECT s.system_identifier FROM pg_control_system() s)));
    IF closing < begun - patience THEN
        SELECT l.pid, p.gid, coalesce(p.database, a.datname) AS database INTO holder
        FROM pg_locks l LEFT JOIN pg_prepared_xacts p ON p.transaction = l.transactionid LEFT JOIN pg_stat_activity a ON a.pid = l.pid
        WHERE l.locktype = 'transactionid' AND l.mode = 'ExclusiveLock' AND l.granted
        ORDER BY age(l.transactionid) DESC LIMIT 1;
        IF FOUND THEN
            finding := 'refresh_held';
            object := coalesce('prepared transaction ' || quote_literal(holder.gid), 'session ' || holder.pid);
            detail := format('in database %s, it began to write before %s; days that ended later than 96 hours before that cannot be closed', holder.database, closing);
            mend := CASE WHEN holder.gid IS NOT NULL THEN format('-- commit it, or give up what it changed: ROLLBACK PREPARED %L;', holder.gid)
                         ELSE format('-- wait for it, or give up what it changed: SELECT pg_terminate_backend(%s);', holder.pid) END;
            RETURN NEXT;
        END IF;
    END IF;
END
$doctor_refresh$;
COMMENT ON FUNCTION btwin._doctor_refresh(jsonb) IS
'Internal: check of refresh.';

-- Jobs

CREATE FUNCTION btwin._doctor_jobs(options jsonb)
RETURNS TABLE (finding text, object text, detail text, mend text)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
-- whose jobs a role sees, pg_cron says by policies
SET row_security = on
AS $doctor_jobs$
#variable_conflict use_column
DECLARE
    health btwin.job_health[];
BEGIN
    RETURN QUERY SELECT r.* FROM btwin._doctor_rights('btwin._doctor_jobs',
                     ARRAY[to_regclass('btwin.job_run'), to_regclass('btwin.refresh_run'), to_regclass('btwin.scheduled_job'), to_regclass('btwin.job_setting')]::oid[]) AS r;
    IF FOUND THEN
        RETURN;
    END IF;
    SELECT array_agg(h) INTO health FROM btwin.job_health h;

    RETURN QUERY
    SELECT 'job_orphaned', h.job_name,
           format('%s, of role %I in database %I', CASE WHEN EXISTS (SELECT FROM pg_database d WHERE d.datname = h.database) THEN 'btwin did not schedule it, or what it works on is gone' ELSE 'its database is gone' END, h.owner, h.database),
           format('SELECT cron.unschedule(jobid) FROM cron.job WHERE jobname = %L AND username = %L;', h.job_name, h.owner)
    FROM unnest(health) AS h WHERE h.is_orphaned;
    IF btwin.attached_schema() IS NULL THEN
        RETURN;
    END IF;
    RETURN QUERY
    SELECT CASE WHEN h.consecutive_failures > 0 THEN 'job_failing' ELSE 'job_overdue' END, h.job,
           CASE WHEN h.consecutive_failures > 0 THEN format('%s times in a row, the last time %s: %s', h.consecutive_failures, h.last_run, coalesce(h.message, h.last_result))
                ELSE format('schedule %s of %s; it ended well %s', h.schedule, h.scheduler, coalesce('last ' || h.last_success, 'never')) END,
           -- of other statements only pg_cron keeps a record
           CASE WHEN EXISTS (SELECT FROM btwin.job j WHERE j.job = h.job) THEN rtrim(h.command, ';') || ';'
                ELSE format('-- its next run %s shows whether all is well; to run it at once: %s;', h.next_run, rtrim(h.command, ';')) END
    FROM unnest(health) AS h
    WHERE NOT h.is_orphaned AND (h.consecutive_failures > 0 OR h.is_overdue);
    RETURN QUERY
    SELECT 'jobs_unscheduled', 'btwin.job', string_agg(h.job, ', ' ORDER BY h.job), 'SELECT * FROM btwin.schedule_jobs();'
    FROM unnest(health) AS h
    WHERE NOT h.is_scheduled AND NOT h.is_orphaned
    HAVING count(*) > 0;
END
$doctor_jobs$;
COMMENT ON FUNCTION btwin._doctor_jobs(jsonb) IS
'Internal: check of jobs.';

CREATE FUNCTION btwin._doctor_cron(options jsonb)
RETURNS TABLE (finding text, object text, detail text, mend text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $doctor_cron$
SELECT 'cron_serialised', 'cron.use_background_workers', format('on, with pg_cron %s', e.extversion), 'ALTER SYSTEM SET cron.use_background_workers = off;'
FROM pg_extension e
WHERE e.extname = 'pg_cron' AND btwin._cron_version() < '{1,5}' AND btwin._cron_setting('use_background_workers') = 'on'
UNION ALL
SELECT 'cron_old', 'pg_cron', format('version %s, installed files %s', e.extversion, coalesce(a.default_version, 'none')),
       CASE WHEN u.path IS NOT NULL THEN format('ALTER EXTENSION pg_cron UPDATE TO %L;', a.default_version)
            ELSE '-- install pg_cron 1.4 or later, then restart the server and: ALTER EXTENSION pg_cron UPDATE;' END
FROM pg_extension e
LEFT JOIN pg_available_extensions a ON a.name = e.extname
LEFT JOIN LATERAL pg_extension_update_paths('pg_cron') u ON u.source = e.extversion AND u.target = a.default_version
WHERE e.extname = 'pg_cron' AND (a.default_version <> e.extversion OR btwin._cron_version() < '{1,4}')
$doctor_cron$;
COMMENT ON FUNCTION btwin._doctor_cron(jsonb) IS
'Internal: check of pg_cron itself.';

-- Indexes

CREATE FUNCTION btwin._doctor_indexes(options jsonb)
RETURNS TABLE (finding text, object text, detail text, mend text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $doctor_indexes$
WITH catalog AS MATERIALIZED (
    SELECT c.*, format('%I.%I', btwin.attached_schema(), c.table_name)::regclass AS relation
    FROM btwin.index_catalog() c
), invalid AS MATERIALIZED (
    SELECT c.oid, c.relname, c.relkind, format('%I.%I', n.nspname, c.relname) AS name, x.indrelid, pg_get_indexdef(c.oid) AS definition
    FROM btwin._doctor_relations() r
    JOIN pg_class t ON t.oid = r.relation
    JOIN pg_index x ON x.indrelid IN (r.relation, nullif(t.reltoastrelid, 0))
    JOIN pg_class c ON c.oid = x.indexrelid
    JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE NOT (x.indisvalid AND x.indisready AND x.indislive)
      -- one that is being built is not valid yet
      AND NOT EXISTS (SELECT FROM pg_stat_progress_create_index p
                      JOIN pg_locks l ON l.pid = p.pid AND l.locktype = 'relation' AND l.mode = 'ShareUpdateExclusiveLock' AND l.granted
                      WHERE p.datname = current_database() AND l.database = p.datid AND l.relation = r.relation)
)
SELECT 'index_invalid', i.name,
       CASE WHEN i.relkind = 'I' THEN 'no index of a partition belongs to it, or one of them does not: it serves not all partitions'
            WHEN i.relname ~ '_cc(new|old)[0-9]*$' THEN 'left over from an interrupted REINDEX CONCURRENTLY'
            ELSE 'left invalid by an interrupted CREATE INDEX or REINDEX CONCURRENTLY' END,
       CASE WHEN i.relkind = 'I' THEN format('DROP INDEX %s; %s;', i.name, replace(i.definition, ' ON ONLY ', ' ON '))
            WHEN i.relname ~ '_cc(new|old)[0-9]*$' THEN format('DROP INDEX CONCURRENTLY %s;', i.name)
            ELSE format('REINDEX INDEX CONCURRENTLY %s;', i.name) END
FROM invalid i
UNION ALL
SELECT 'index_missing', format('%I.%I', btwin.attached_schema(), c.index_name),
       format('%s on %I %s: %s%s', coalesce('number ' || c.number, 'additional'), c.table_name, c.columns, c.purpose, '; claim of the report: ' || c.claim),
       -- under another name where that one is taken
       CASE WHEN t.relkind = 'p' THEN s.text ELSE regexp_replace(s.text, '^CREATE INDEX', 'CREATE INDEX CONCURRENTLY') END || ';'
FROM catalog c
JOIN pg_class t ON t.oid = c.relation
CROSS JOIN LATERAL (
    SELECT CASE WHEN to_regclass(format('%I.%I', btwin.attached_schema(), c.index_name)) IS NULL THEN c.statement
                ELSE replace(c.statement, format('INDEX %I ON', c.index_name), 'INDEX ON') END
) AS s (text)
WHERE NOT c.present
  -- those that the report names and nothing reads
  AND c.number IS DISTINCT FROM 10 AND c.number IS DISTINCT FROM 11
  AND NOT EXISTS (SELECT FROM invalid i WHERE i.indrelid = c.relation AND i.relname = c.index_name)
UNION ALL
SELECT 'index_unused', format('%I.%I', btwin.attached_schema(), c.served_by),
       format('%s on %I %s: %s; %s, not read since %s%s', coalesce('number ' || c.number, 'additional'), c.table_name, c.columns, c.purpose, pg_size_pretty(c.size_bytes),
              b.counted_from, '; claim of the report: ' || c.claim),
       format('-- keep it if standbys read it; else drop it and have doctor ignore index_missing:%I.%I: DROP INDEX %s%I.%I;', btwin.attached_schema(), c.index_name,
              CASE WHEN t.relkind = 'p' THEN '' ELSE 'CONCURRENTLY ' END, btwin.attached_schema(), c.served_by)
FROM catalog c
JOIN pg_class t ON t.oid = c.relation
CROSS JOIN LATERAL (
    SELECT greatest(a.attached_at, pg_stat_get_db_stat_reset_time(d.oid))
    FROM btwin.attachment a, pg_database d WHERE d.datname = current_database()
) AS b (counted_from)
WHERE c.created_by_attach AND c.scans = 0 AND c.number IS DISTINCT FROM 10 AND c.number IS DISTINCT FROM 11
  AND (SELECT sum(greatest(p.reltuples, 0)) FROM pg_class p WHERE p.relkind = 'r' AND (p.oid = c.relation OR p.oid IN (SELECT v.relid FROM pg_partition_tree(c.relation) v))) >= 1000
  AND b.counted_from <= clock_timestamp() - make_interval(days => (options ->> 'unused_days')::integer)
$doctor_indexes$;
COMMENT ON FUNCTION btwin._doctor_indexes(jsonb) IS
'Internal: check for missing, unused and invalid indexes.';

CREATE FUNCTION btwin._doctor_bloat(options jsonb)
RETURNS TABLE (finding text, object text, detail text, mend text)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $doctor_bloat$
#variable_conflict use_column
DECLARE
    min_bytes   bigint := (options ->> 'bloat_min_bytes')::bigint;
    min_share   float8 := (options ->> 'bloat_percent')::float8 / 100;
    part        record;
    measured    float8;
    empty       float8;
BEGIN
    -- statistics are shown to who may read the column
    RETURN QUERY SELECT r.* FROM btwin._doctor_rights('btwin._doctor_bloat', (
        SELECT array_agg(DISTINCT d.relation) FROM btwin._doctor_relations() d JOIN pg_index x ON x.indrelid = d.relation
        WHERE pg_relation_size(x.indexrelid) >= min_bytes)) AS r;
    IF FOUND THEN
        RETURN;
    END IF;
    finding := 'index_bloated';
    FOR part IN
        SELECT c.oid, format('%I.%I', n.nspname, c.relname) AS name, s.bytes, e.bytes AS expected
        FROM btwin._doctor_relations() r
        JOIN pg_index x ON x.indrelid = r.relation AND x.indisvalid
        JOIN pg_class c ON c.oid = x.indexrelid AND c.relkind = 'i'
        JOIN pg_am m ON m.oid = c.relam AND m.amname = 'btree'
        JOIN pg_namespace n ON n.oid = c.relnamespace
        CROSS JOIN LATERAL (SELECT pg_relation_size(c.oid)) AS s (bytes)
        CROSS JOIN LATERAL (SELECT CASE WHEN s.bytes >= min_bytes THEN btwin._index_expected_bytes(c.oid) END) AS e (bytes)
        WHERE s.bytes - e.bytes >= min_bytes AND s.bytes - e.bytes >= min_share * s.bytes
        ORDER BY s.bytes - e.bytes DESC
    LOOP
        -- what the estimate suspects is measured, where that may be done
        measured := btwin._measured_bloat(part.oid, 'i');
        empty := coalesce(measured, 1 - part.expected::float8 / part.bytes);
        CONTINUE WHEN empty < min_share OR empty * part.bytes < min_bytes;
        object := part.name;
        detail := format('%s, of which %s %% is empty (%s)', pg_size_pretty(part.bytes), round((100 * empty)::numeric),
                         CASE WHEN measured IS NULL THEN 'estimated' ELSE 'measured by pgstattuple' END);
        mend := format('REINDEX INDEX CONCURRENTLY %s;', part.name);
        RETURN NEXT;
    END LOOP;
END
$doctor_bloat$;
COMMENT ON FUNCTION btwin._doctor_bloat(jsonb) IS
'Internal: check for indexes that are mostly empty.';

-- Statistics

CREATE FUNCTION btwin._doctor_statistics(options jsonb)
RETURNS TABLE (finding text, object text, detail text, mend text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $doctor_statistics$
WITH part AS MATERIALIZED (
    SELECT r.relation, c.relkind, c.reltuples,
           CASE c.relkind WHEN 'r' THEN pg_stat_get_live_tuples(c.oid)
                ELSE (SELECT coalesce(sum(greatest(pg_stat_get_live_tuples(p.relid), l.reltuples::bigint)), 0)
                      FROM pg_partition_tree(c.oid) p JOIN pg_class l ON l.oid = p.relid WHERE p.isleaf) END AS live,
           pg_stat_get_mod_since_analyze(c.oid) AS changed
    FROM btwin._doctor_relations() r JOIN pg_class c ON c.oid = r.relation
)
SELECT 'statistics_stale', p.relation::regclass::text,
       CASE WHEN p.reltuples < 0 THEN format('never analysed, %s rows', p.live)
            WHEN p.relkind = 'p' THEN format('%s rows, %s when it was analysed last', p.live, p.reltuples)
            ELSE format('%s rows changed of %s since it was analysed last', p.changed, p.reltuples) END,
       format('ANALYZE %s;', p.relation::regclass)
FROM part p
WHERE CASE WHEN p.reltuples < 0 THEN p.live
           WHEN p.relkind = 'p' THEN abs(p.live - p.reltuples) - 0.2 * p.reltuples
           ELSE p.changed - 0.2 * p.reltuples END > 500
$doctor_statistics$;
COMMENT ON FUNCTION btwin._doctor_statistics(jsonb) IS
'Internal: check for tables whose statistics are old.';

-- Who can read

CREATE FUNCTION btwin._doctor_exposure(options jsonb)
RETURNS TABLE (finding text, object text, detail text, mend text)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $doctor_exposure$
#variable_conflict use_column
DECLARE
    web name[] := (SELECT array_agg(w.name) FROM jsonb_array_elements_text(options -> 'web_roles') AS w (name));
BEGIN
    RETURN QUERY
    SELECT 'role_unrestricted', quote_ident(r.rolname), CASE WHEN r.rolsuper THEN 'superuser: row security does not hold it' ELSE 'BYPASSRLS: row security does not hold it' END,
           format('ALTER ROLE %I %s;', r.rolname, concat_ws(' ', CASE WHEN r.rolsuper THEN 'NOSUPERUSER' END, CASE WHEN r.rolbypassrls THEN 'NOBYPASSRLS' END))
    FROM pg_roles r WHERE r.rolname = ANY (web) AND (r.rolsuper OR r.rolbypassrls);

    RETURN QUERY
    SELECT 'table_exposed', c.oid::regclass::text, format('read by %s, row security is off', string_agg(who.shown, ', ' ORDER BY who.shown)),
           format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY;', c.oid::regclass)
    FROM btwin._doctor_relations() d
    JOIN pg_class c ON c.oid = d.relation AND NOT c.relrowsecurity
    CROSS JOIN LATERAL (
        SELECT 'PUBLIC'
        WHERE has_any_column_privilege('public', c.oid, 'SELECT')
          AND (has_schema_privilege('public', c.relnamespace, 'USAGE') OR EXISTS (SELECT FROM unnest(web) AS w WHERE has_schema_privilege(w, c.relnamespace, 'USAGE')))
        UNION ALL
        SELECT quote_ident(w) FROM unnest(web) AS w
        WHERE has_schema_privilege(w, c.relnamespace, 'USAGE') AND has_any_column_privilege(w, c.oid, 'SELECT') AND NOT has_any_column_privilege('public', c.oid, 'SELECT')
    ) AS who (shown)
    WHERE d.of_learners
    GROUP BY c.oid;

    -- A view over a table of learners may be what the materialized view reads, so
    -- rules are followed; what a function reads no rule shows, so those in btwin's schemas count anyway.
    RETURN QUERY
    WITH RECURSIVE reads (relation) AS (
        SELECT d.relation FROM btwin._doctor_relations() d WHERE d.of_learners
        UNION
        SELECT w.ev_class
        FROM reads r
        JOIN pg_depend p ON p.refclassid = 'pg_class'::regclass AND p.refobjid = r.relation AND p.classid = 'pg_rewrite'::regclass
        JOIN pg_rewrite w ON w.oid = p.objid
    )
    SELECT 'matview_exposed', c.oid::regclass::text, format('read by %s', string_agg(DISTINCT who.shown, ', ' ORDER BY who.shown)),
           CASE WHEN bool_or(who.grantee IS NULL) THEN format('-- a web role owns it: give it to another role: ALTER MATERIALIZED VIEW %s OWNER TO %I;', c.oid::regclass, max((SELECT pg_get_userbyid(a.relowner) FROM pg_class a WHERE a.oid = to_regclass('btwin.attachment'))))
                ELSE format('REVOKE SELECT ON TABLE %s FROM %s;', c.oid::regclass, string_agg(DISTINCT who.grantee, ', ' ORDER BY who.grantee)) END
    FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace
    CROSS JOIN LATERAL (
        SELECT CASE WHEN g.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(w) END, CASE WHEN g.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(g.grantee)) END
        FROM (SELECT x.grantee FROM aclexplode(c.relacl) x WHERE x.privilege_type = 'SELECT'
              UNION SELECT x.grantee FROM pg_attribute a, aclexplode(a.attacl) x WHERE a.attrelid = c.oid AND x.privilege_type = 'SELECT') AS g
        LEFT JOIN unnest(web) AS w ON g.grantee <> 0 AND pg_has_role(w, g.grantee, 'USAGE')
        WHERE g.grantee <> c.relowner AND (g.grantee = 0 OR w IS NOT NULL)
        UNION ALL
        SELECT quote_ident(w), NULL FROM unnest(web) AS w WHERE pg_has_role(w, c.relowner, 'USAGE') AND NOT (SELECT r.rolsuper FROM pg_roles r WHERE r.rolname = w)
    ) AS who (shown, grantee)
    WHERE c.relkind = 'm' AND (n.nspname IN ('btwin', 'btwin_api', 'btwin_bi') OR c.oid IN (SELECT r.relation FROM reads r))
    GROUP BY c.oid;
END
$doctor_exposure$;
COMMENT ON FUNCTION btwin._doctor_exposure(jsonb) IS
'Internal: check for tables and materialized views that web roles can read.';

-- Time zones

CREATE FUNCTION btwin._doctor_zone_is(time_zone text) RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $doctor_zone_is$
DECLARE
    accepted boolean;
BEGIN
    PERFORM timestamptz '2000-01-01 00:00:00+00' AT TIME ZONE time_zone;
    EXECUTE 'SELECT ' || btwin._time_zone_condition('$1') INTO accepted USING time_zone;
    RETURN CASE WHEN accepted THEN 'known' ELSE 'abbreviation' END;
EXCEPTION WHEN invalid_parameter_value THEN
    RETURN 'unknown';
END
$doctor_zone_is$;
COMMENT ON FUNCTION btwin._doctor_zone_is(text) IS
'Internal: known for the IANA name of a time zone, abbreviation for what the server takes beside them, else unknown.';

CREATE FUNCTION btwin._doctor_zones(options jsonb)
RETURNS TABLE (finding text, object text, detail text, mend text)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $doctor_zones$
#variable_conflict use_column
DECLARE
    default_zone text := (SELECT a.default_time_zone FROM btwin.attachment a);
BEGIN
    IF btwin._doctor_zone_is(default_zone) = 'unknown' THEN
        finding := 'zone_default_unknown';
        object := default_zone;
        detail := 'the default time zone of learners';
        mend := btwin._doctor_attach(', default_time_zone => ''UTC''');
        RETURN NEXT;
    END IF;

    RETURN QUERY
    WITH setting (name, value, how) AS (
        -- what this session began with, unless its client asked for it
        SELECT 'the configuration of the server', s.reset_val, format('ALTER DATABASE %I SET TimeZone = ''UTC'';', current_database())
        FROM pg_settings s
        WHERE s.name = 'TimeZone' AND s.source <> 'client'
          AND NOT EXISTS (SELECT FROM pg_db_role_setting r, unnest(r.setconfig) AS c
                          WHERE r.setdatabase IN (0, (SELECT d.oid FROM pg_database d WHERE d.datname = current_database()))
                            AND r.setrole IN (0, (SELECT o.oid FROM pg_roles o WHERE o.rolname = session_user)) AND c ILIKE 'timezone=%')
        UNION ALL
        SELECT concat_ws(' in ', nullif(concat_ws(' ', 'role', (SELECT quote_ident(o.rolname) FROM pg_roles o WHERE o.oid = r.setrole)), 'role'),
                         CASE WHEN r.setdatabase <> 0 THEN format('database %I', current_database()) END),
               split_part(c, '=', 2),
               format('ALTER %s%s SET TimeZone = ''UTC'';',
                      CASE WHEN r.setrole <> 0 THEN format('ROLE %I', (SELECT o.rolname FROM pg_roles o WHERE o.oid = r.setrole)) ELSE format('DATABASE %I', current_database()) END,
                      CASE WHEN r.setrole <> 0 AND r.setdatabase <> 0 THEN format(' IN DATABASE %I', current_database()) ELSE '' END)
        FROM pg_db_role_setting r, unnest(r.setconfig) AS c
        WHERE r.setdatabase IN (0, (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())) AND c ILIKE 'timezone=%'
          AND NOT (r.setrole = 0 AND r.setdatabase = 0)
    ), utc_column AS (
        SELECT count(*) AS n, min(a.relation::regclass::text) AS relation, (array_agg(a.found_name ORDER BY a.relation::regclass::text, a.attnum))[1] AS name
        FROM btwin._adoption(btwin.attached_schema()) a WHERE a.expression LIKE '%AT TIME ZONE ''UTC''%'
    )
    SELECT 'zone_of_server', s.name,
           format('time zone %s; %s columns of type timestamp are taken as UTC, the first is %I of %s', s.value, u.n, u.name, u.relation), s.how
    FROM setting s CROSS JOIN utc_column u
    WHERE u.n > 0
      -- UTC has many names
      AND EXISTS (SELECT FROM unnest('{2000-01-01 00:00+00,2000-07-01 00:00+00,2024-01-01 00:00+00,2024-07-01 00:00+00}'::timestamptz[]) AS t
                  WHERE t AT TIME ZONE s.value <> t AT TIME ZONE 'UTC');

    RETURN QUERY SELECT r.* FROM btwin._doctor_rights('btwin._doctor_zones', ARRAY[to_regclass('btwin.learner'), to_regclass('btwin.user_mark')]::oid[]) AS r;
    IF FOUND THEN
        RETURN;
    END IF;
    RETURN QUERY
    SELECT CASE z.kind WHEN 'unknown' THEN 'zone_unknown' ELSE 'zone_abbreviation' END, z.time_zone, format('time zone of %s learners', z.n),
           format('UPDATE btwin.learner SET time_zone = NULL, updated_at = now() WHERE time_zone = %L;', z.time_zone)
    FROM (SELECT l.time_zone, l.n, btwin._doctor_zone_is(l.time_zone) AS kind
          FROM (SELECT l.time_zone, count(*) AS n FROM btwin.learner l WHERE l.time_zone IS NOT NULL GROUP BY l.time_zone) AS l) AS z
    WHERE z.kind <> 'known';
    IF default_zone = 'UTC' AND EXISTS (SELECT FROM btwin.user_mark) AND NOT EXISTS (SELECT FROM btwin.learner l WHERE l.time_zone IS NOT NULL) THEN
        finding := 'zone_not_chosen';
        object := 'btwin.attachment';
        detail := 'no learner has a time zone, and the default is UTC';
        mend := '-- name the zone that most learners live in: ' || btwin._doctor_attach(', default_time_zone => ''Europe/Berlin''');
        RETURN NEXT;
    END IF;
END
$doctor_zones$;
COMMENT ON FUNCTION btwin._doctor_zones(jsonb) IS
'Internal: check of time zones.';

-- doctor

CREATE FUNCTION btwin._doctor_checks(options jsonb)
RETURNS TABLE (finding text, object text, detail text, mend text)
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $doctor_checks$
#variable_conflict use_column
DECLARE
    attached    name := btwin.attached_schema();
    made_by     name := (SELECT pg_get_userbyid(c.relowner) FROM pg_class c WHERE c.oid = to_regclass('btwin.attachment'));
    detached    name;
    part        record;
BEGIN
    IF attached IS NULL THEN
        IF made_by IS NOT NULL THEN
            SELECT a.schema_name INTO detached FROM btwin.attachment a;
        END IF;
        finding := 'not_attached';
        object := 'btwin';
        detail := 'no schema of this database is attached';
        mend := format('SELECT * FROM btwin.attach(%s);', quote_literal(detached));
        RETURN NEXT;
    END IF;
    FOR part IN
        SELECT f.check_function FROM btwin.doctor_finding f
        WHERE f.check_function IS NOT NULL AND (attached IS NOT NULL OR NOT f.needs_attached)
          -- nobody would hear of it
          AND NOT options -> 'ignore' ? f.finding
        GROUP BY f.check_function ORDER BY min(f.position)
    LOOP
        BEGIN
            RETURN QUERY EXECUTE format('SELECT c.finding, c.object, c.detail, c.mend FROM %s($1) AS c', part.check_function) USING options;
        EXCEPTION WHEN OTHERS THEN
            finding := 'check_skipped';
            object := part.check_function;
            detail := format('%s (SQLSTATE %s)', sqlerrm, sqlstate);
            mend := CASE WHEN sqlstate = '42501' AND NOT pg_has_role(made_by, 'USAGE')
                         THEN format('-- call btwin.doctor as the role that everything attached belongs to: SET ROLE %I;', made_by)
                         ELSE '-- mend what else is reported, then call btwin.doctor again' END;
            RETURN NEXT;
        END;
    END LOOP;
END
$doctor_checks$;
COMMENT ON FUNCTION btwin._doctor_checks(jsonb) IS
'Internal: runs the checks, each by itself.';

CREATE FUNCTION btwin.doctor(
    sample_learners integer DEFAULT 20,
    web_roles       text[]  DEFAULT NULL,
    refresh_hours   integer DEFAULT 24,
    unused_days     integer DEFAULT 30,
    bloat_percent   integer DEFAULT 50,
    bloat_min_bytes bigint  DEFAULT 16777216,
    ignore          text[]  DEFAULT '{}'
) RETURNS TABLE (finding text, severity text, object text, detail text, mend text)
LANGUAGE plpgsql VOLATILE COST 1000000 ROWS 10
SET search_path = pg_catalog, pg_temp
SET row_security = off
SET jit = off
AS $doctor$
#variable_conflict use_column
DECLARE
    usual CONSTANT text[] := '{anon,authenticated,web_anon,web_user}';
    wrong text;
BEGIN
    SELECT a.name INTO wrong
    FROM (VALUES (1, 'sample_learners', doctor.sample_learners::text), (2, 'refresh_hours', doctor.refresh_hours::text), (3, 'unused_days', doctor.unused_days::text),
                 (4, 'bloat_percent', doctor.bloat_percent::text), (5, 'bloat_min_bytes', doctor.bloat_min_bytes::text), (6, 'ignore', doctor.ignore::text)) AS a (position, name, value)
    WHERE a.value IS NULL ORDER BY a.position LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'argument "%" must not be null', wrong
            USING ERRCODE = 'null_value_not_allowed', HINT = 'Leave the argument out to take its default.';
    END IF;
    SELECT format('%s must be between %s and %s, not %s', a.name, a.low, a.high, a.value) INTO wrong
    FROM (VALUES (1, 'sample_learners', 0, 2147483647, doctor.sample_learners::bigint), (2, 'refresh_hours', 0, 876000, doctor.refresh_hours), (3, 'unused_days', 0, 36500, doctor.unused_days),
                 (4, 'bloat_percent', 0, 100, doctor.bloat_percent), (5, 'bloat_min_bytes', 0, 9223372036854775807, doctor.bloat_min_bytes)) AS a (position, name, low, high, value)
    WHERE a.value NOT BETWEEN a.low AND a.high ORDER BY a.position LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION '%', wrong USING ERRCODE = 'invalid_parameter_value';
    END IF;
    SELECT w.name INTO wrong FROM unnest(doctor.web_roles) AS w (name) WHERE NOT EXISTS (SELECT FROM pg_roles r WHERE r.rolname = w.name) LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'role "%" does not exist', wrong
            USING ERRCODE = 'undefined_object', HINT = 'Name the roles that requests of the web run as; left out, those of the usual names are taken that exist.';
    END IF;
    SELECT i.code INTO wrong FROM unnest(doctor.ignore) AS i (code) WHERE NOT EXISTS (SELECT FROM btwin.doctor_finding f WHERE f.finding = split_part(i.code, ':', 1)) LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'there is no finding "%" to ignore', split_part(wrong, ':', 1)
            USING ERRCODE = 'invalid_parameter_value', DETAIL = 'An entry is a finding, or finding:object.', HINT = 'SELECT finding FROM btwin.doctor_finding';
    END IF;

    RETURN QUERY
    SELECT c.finding, f.severity, c.object, c.detail, c.mend
    FROM btwin._doctor_checks(jsonb_build_object(
             'sample_learners', doctor.sample_learners, 'refresh_hours', doctor.refresh_hours, 'unused_days', doctor.unused_days,
             'bloat_percent', doctor.bloat_percent, 'bloat_min_bytes', doctor.bloat_min_bytes,
             'ignore', doctor.ignore,
             'web_roles', (SELECT coalesce(jsonb_agg(r.rolname), '[]') FROM pg_roles r WHERE r.rolname = ANY (coalesce(doctor.web_roles, usual))))) AS c
    JOIN btwin.doctor_finding f ON f.finding = c.finding
    WHERE NOT (c.finding = ANY (doctor.ignore) OR concat(c.finding, ':', c.object) = ANY (doctor.ignore))
    ORDER BY array_position('{error,warning,notice}', f.severity), f.position, c.object COLLATE "C", c.detail COLLATE "C";
END
$doctor$;
COMMENT ON FUNCTION btwin.doctor(integer, text[], integer, integer, integer, bigint, text[]) IS
'What is wrong around the attached tables: a row per finding, errors first, none where all is well. finding: a code of btwin.doctor_finding; mend: the SQL that mends it, or a line of comment that says what a person must decide, with a statement behind its last colon where one does it. sample_learners: so many learners'' stored states are worked out anew and compared (0: none). web_roles: roles that requests of the web run as, by default those of anon, authenticated, web_anon, web_user that exist. refresh_hours: how long a refresh may be away. unused_days: how long an index may go unread. bloat_percent, bloat_min_bytes: how much of an index may be empty. ignore: findings, or finding:object, not to be reported; a check none of whose findings would be reported is not made. It writes nothing and needs no right of its own: a check that may not look is a finding that names the right. Errors: 22004 for NULL, 22023 for an argument out of range or an unknown finding, 42704 for an unknown role.';
