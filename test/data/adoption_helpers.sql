-- What the tests of attach share, as temporary functions. Include with \ir after BEGIN.

-- Everything a database consists of, as text, to see whether anything changed.
CREATE FUNCTION pg_temp.catalog_snapshot() RETURNS SETOF text LANGUAGE sql VOLATILE AS $$
    SELECT format('relation %s.%s %s %s %s %s', n.nspname, c.relname, c.relkind, pg_get_userbyid(c.relowner), c.relacl, c.reloptions)
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname !~ '^pg_|^information_schema'
    UNION ALL
    SELECT format('column %s.%s.%s %s %s', n.nspname, c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull)
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE a.attnum > 0 AND n.nspname !~ '^pg_|^information_schema'
    UNION ALL
    SELECT format('function %s %s %s', p.oid::regprocedure, p.prosrc, p.proacl) FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
    WHERE n.nspname !~ '^pg_|^information_schema'
    UNION ALL
    SELECT format('constraint %s %s %s', c.conrelid::regclass, c.conname, pg_get_constraintdef(c.oid)) FROM pg_constraint c
    UNION ALL
    SELECT format('schema %s %s %s', n.nspname, pg_get_userbyid(n.nspowner), n.nspacl) FROM pg_namespace n WHERE n.nspname !~ '^pg_'
    UNION ALL
    SELECT format('trigger %s %s', t.tgrelid::regclass, t.tgname) FROM pg_trigger t
    UNION ALL
    SELECT format('comment %s %s %s %s', d.classoid::regclass, d.objoid, d.objsubid, d.description) FROM pg_description d
    WHERE d.objoid >= 16384
$$;

-- The plan of a statement as it ran.
CREATE FUNCTION pg_temp.ran(statement text) RETURNS jsonb LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    plan json;
BEGIN
    EXECUTE 'EXPLAIN (ANALYZE, BUFFERS OFF, TIMING OFF, COSTS OFF, FORMAT JSON) ' || statement INTO plan;
    RETURN plan::jsonb -> 0;
END
$$;

-- The plan of a statement that is not run.
CREATE FUNCTION pg_temp.planned(statement text) RETURNS jsonb LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    plan json;
BEGIN
    EXECUTE 'EXPLAIN (COSTS OFF, FORMAT JSON) ' || statement INTO plan;
    RETURN plan::jsonb -> 0;
END
$$;

-- One row per node of a plan.
CREATE FUNCTION pg_temp.nodes(plan jsonb)
RETURNS TABLE (node_type text, relation text, index_name text, index_cond text, filter text, actual_rows numeric, removed numeric, subplans_removed int)
LANGUAGE sql IMMUTABLE AS $$
    SELECT n ->> 'Node Type', n ->> 'Relation Name', n ->> 'Index Name', n ->> 'Index Cond', n ->> 'Filter',
           (n ->> 'Actual Rows')::numeric * coalesce((n ->> 'Actual Loops')::numeric, 1),
           coalesce((n ->> 'Rows Removed by Filter')::numeric, 0) + coalesce((n ->> 'Rows Removed by Index Recheck')::numeric, 0),
           (n ->> 'Subplans Removed')::int
    FROM jsonb_path_query(plan, 'strict $.**') AS n
    WHERE jsonb_typeof(n) = 'object' AND n ? 'Node Type'
$$;

-- What a window's plan must look like, in words: 'as wanted', or what is wrong.
-- Learner and both bounds stand in the index condition of whatever reads the
-- table, nothing reads it without an index, no row is thrown away, and the rows
-- read are exactly those wanted (NULL: the statement was not run).
CREATE FUNCTION pg_temp.judge(plan jsonb, learner text, moment text, wanted int) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT CASE
        WHEN EXISTS (SELECT FROM pg_temp.nodes(plan) WHERE node_type IN ('Seq Scan', 'Function Scan')) THEN 'reads without an index'
        WHEN NOT EXISTS (SELECT FROM pg_temp.nodes(plan) WHERE node_type IN ('Index Scan', 'Index Only Scan', 'Bitmap Index Scan')) THEN 'no index at all'
        WHEN EXISTS (SELECT FROM pg_temp.nodes(plan)
                     WHERE node_type IN ('Index Scan', 'Index Only Scan', 'Bitmap Index Scan')
                       AND NOT (position('(' || learner || ' = ' IN index_cond) > 0
                                AND position('(' || moment || ' >= ' IN index_cond) > 0
                                AND position('(' || moment || ' < ' IN index_cond) > 0)) THEN 'index condition lacks learner or time'
        WHEN (SELECT sum(removed) FROM pg_temp.nodes(plan)) > 0 THEN 'rows were read and thrown away'
        WHEN wanted IS NOT NULL AND (SELECT sum(actual_rows) FROM pg_temp.nodes(plan)
                                     WHERE node_type IN ('Index Scan', 'Index Only Scan', 'Bitmap Heap Scan')) <> wanted THEN 'not the rows wanted'
        ELSE 'as wanted' END
$$;
