-- The indexes btwin wants, what serves each, and the step of attach that makes
-- those that nothing serves.

CREATE FUNCTION btwin._index_plan(schema_name name)
RETURNS TABLE (index_name name, table_name name, relation oid, table_owner name, columns text, statement text,
               keyed_by_enum text, serving oid, serving_name name, own boolean, blocked boolean)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $index_plan$
WITH adopted AS MATERIALIZED (
    SELECT a.* FROM btwin._adoption(schema_name) a
), wanted AS MATERIALIZED (
    SELECT i.index_name, i.table_name, k.relation, pg_get_userbyid(c.relowner) AS table_owner, k.attnums, k.columns, k.enums,
           x.attnums AS carried, x.columns AS carried_columns
    FROM btwin.domain_index i
    CROSS JOIN LATERAL (
        SELECT min(a.relation), array_agg(a.attnum ORDER BY w.ordinality),
               string_agg(quote_ident(a.found_name) || CASE WHEN w.name = ANY (i.descending) THEN ' DESC' ELSE '' END, ', ' ORDER BY w.ordinality),
               string_agg(quote_ident(a.found_name), ', ' ORDER BY w.ordinality) FILTER (WHERE a.is_enum)
        FROM unnest(i.columns) WITH ORDINALITY AS w (name, ordinality)
        JOIN adopted a ON a.table_name = i.table_name AND a.column_name = w.name
    ) AS k (relation, attnums, columns, enums)
    CROSS JOIN LATERAL (
        SELECT coalesce(array_agg(a.attnum ORDER BY w.ordinality), '{}'),
               string_agg(quote_ident(a.found_name), ', ' ORDER BY w.ordinality)
        FROM unnest(i.include) WITH ORDINALITY AS w (name, ordinality)
        JOIN adopted a ON a.table_name = i.table_name AND a.column_name = w.name
    ) AS x (attnums, columns)
    JOIN pg_class c ON c.oid = k.relation
)
SELECT w.index_name, w.table_name, w.relation, w.table_owner,
       '(' || w.columns || ')' || coalesce(' include (' || w.carried_columns || ')', ''),
       format('CREATE INDEX %I ON %I.%I (%s)', w.index_name, schema_name, w.table_name, w.columns)
           || coalesce(' INCLUDE (' || w.carried_columns || ')', ''),
       w.enums, s.oid, s.relname, coalesce(s.relname = w.index_name, false),
       coalesce(s.relname <> w.index_name, true)
           AND EXISTS (SELECT FROM pg_class c WHERE c.oid = to_regclass(format('%I.%I', schema_name, w.index_name)))
FROM wanted w
LEFT JOIN LATERAL (
    -- Serves: same leading columns in order and what is carried beside them, for
    -- every row, with the order and the equality the column itself has. Downwards
    -- or upwards is the same to a b-tree.
    SELECT c.oid, c.relname
    FROM pg_index x
    JOIN pg_class c ON c.oid = x.indexrelid
    JOIN pg_am m ON m.oid = c.relam AND m.amname = 'btree'
    WHERE x.indrelid = w.relation
      AND x.indisvalid AND x.indisready AND x.indislive AND x.indpred IS NULL
      AND x.indnkeyatts >= cardinality(w.attnums)
      AND (x.indkey::int2[])[0:cardinality(w.attnums) - 1] = w.attnums
      AND w.carried <@ x.indkey::int2[]
      AND NOT EXISTS (
          SELECT FROM generate_series(0, cardinality(w.attnums) - 1) AS n
          JOIN pg_opclass o ON o.oid = x.indclass[n]
          JOIN pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = x.indkey[n]
          WHERE NOT o.opcdefault OR x.indcollation[n] <> a.attcollation)
    ORDER BY c.relname = w.index_name DESC, x.indnatts, c.relname
    LIMIT 1
) AS s ON true
$index_plan$;
COMMENT ON FUNCTION btwin._index_plan(name) IS
'Internal: for each wanted index of the tables that exist in a schema, the statement that creates it, the index that serves already, and whether its name is taken by something that does not serve.';

CREATE FUNCTION btwin._check_indexes(schema_name name, create_indexes boolean) RETURNS boolean
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $check_indexes$
DECLARE
    problem record;
BEGIN
    IF NOT create_indexes THEN
        RETURN true;
    END IF;
    SELECT p.* INTO problem FROM btwin._index_plan(schema_name) p
    WHERE p.serving IS NULL AND p.blocked ORDER BY p.index_name LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'the name of index %.% is taken', quote_ident(schema_name), quote_ident(problem.index_name)
            USING ERRCODE = 'duplicate_object',
                  DETAIL = format('What bears the name is no valid index on %I %s.', problem.table_name, problem.columns),
                  HINT = 'Drop or rename it; an index that was left invalid by CREATE INDEX CONCURRENTLY is dropped and created again.';
    END IF;
    SELECT p.* INTO problem FROM btwin._index_plan(schema_name) p
    WHERE p.serving IS NULL AND NOT has_schema_privilege(p.table_owner, schema_name, 'CREATE') ORDER BY p.index_name LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'role "%" may not create indexes in schema %', problem.table_owner, quote_ident(schema_name)
            USING ERRCODE = 'insufficient_privilege',
                  DETAIL = format('The first index to create is %s.', problem.index_name),
                  HINT = format('GRANT CREATE ON SCHEMA %I TO %I, or attach with create_indexes => false.', schema_name, problem.table_owner);
    END IF;
    RETURN true;
END
$check_indexes$;
COMMENT ON FUNCTION btwin._check_indexes(name, boolean) IS
'Internal: raises an error where a wanted index of an adopted table could not be created.';

CREATE FUNCTION btwin._attach_indexes(schema_name name, create_indexes boolean)
RETURNS TABLE (object text, kind text, action text, detail text)
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $attach_indexes$
#variable_conflict use_column
DECLARE
    part record;
BEGIN
    FOR part IN
        SELECT p.*, i.number, i.purpose FROM btwin._index_plan(schema_name) p
        JOIN btwin.domain_index i ON i.index_name = p.index_name
        JOIN btwin.domain_table t ON t.table_name = i.table_name
        ORDER BY i.number, t.position
    LOOP
        object := format('%I.%I', schema_name, part.index_name);
        kind := 'index';
        detail := concat(coalesce('number ' || part.number, 'additional'), ', ', part.table_name, ' ', part.columns);
        IF part.serving IS NOT NULL THEN
            action := 'found';
            IF NOT part.own THEN
                detail := detail || format(', served by %I', part.serving_name);
            END IF;
        ELSIF create_indexes THEN
            PERFORM btwin._execute_as(part.table_owner, part.statement);
            PERFORM btwin._execute_as(part.table_owner,
                        format('COMMENT ON INDEX %s IS %L', object, 'btwin: ' || part.purpose));
            INSERT INTO btwin.attached_object (kind, schema_name, object_name, table_name, made, definition)
            VALUES ('index', _attach_indexes.schema_name, part.index_name, part.table_name, true, part.statement)
            ON CONFLICT (kind, schema_name, object_name) DO UPDATE SET made = true, definition = excluded.definition;
            action := 'created';
        ELSE
            action := 'missing';
            detail := detail || ', ' || part.statement;
        END IF;
        RETURN NEXT;
    END LOOP;
END
$attach_indexes$;
COMMENT ON FUNCTION btwin._attach_indexes(name, boolean) IS
'Internal: creates the wanted indexes that no index serves, or reports them.';

CREATE FUNCTION btwin.index_catalog()
RETURNS TABLE (index_name name, number integer, table_name name, columns text, purpose text, claim text, origin text,
               present boolean, served_by name, created_by_attach boolean, size_bytes bigint, scans bigint, note text, statement text)
LANGUAGE plpgsql STABLE ROWS 60
SET search_path = pg_catalog, pg_temp
AS $index_catalog$
#variable_conflict use_column
DECLARE
    attached name := btwin.require_attached();
BEGIN
    RETURN QUERY
    SELECT i.index_name, i.number, i.table_name, p.columns, i.purpose, i.claim, i.origin,
           p.serving IS NOT NULL, p.serving_name,
           p.own AND EXISTS (SELECT FROM btwin.attached_object o
                             WHERE o.kind = 'index' AND o.schema_name = attached AND o.object_name = i.index_name AND o.made),
           s.size_bytes, s.scans,
           nullif(concat_ws(' ', i.note,
                     'Keyed by the enum column ' || p.keyed_by_enum
                     || ', whose equality is not leakproof: under row security a learner''s query uses the columns before it only.'), ''),
           p.statement
    FROM btwin.domain_index i
    JOIN btwin.domain_table t ON t.table_name = i.table_name
    JOIN btwin._index_plan(attached) p ON p.index_name = i.index_name
    LEFT JOIN LATERAL (
        SELECT sum(pg_relation_size(r.relid))::bigint, sum(pg_stat_get_numscans(r.relid))::bigint
        FROM (SELECT v.relid FROM pg_partition_tree(p.serving) v UNION SELECT p.serving) AS r (relid)
        WHERE r.relid IS NOT NULL
    ) AS s (size_bytes, scans) ON true
    ORDER BY i.number, t.position;
END
$index_catalog$;
COMMENT ON FUNCTION btwin.index_catalog() IS
'The rows of the view btwin.index_catalog; TW001 before attach.';

CREATE VIEW btwin.index_catalog WITH (security_invoker = true) AS
SELECT c.index_name, c.number, c.table_name, c.columns, c.purpose, c.claim, c.origin, c.present, c.served_by,
       c.created_by_attach, c.size_bytes, c.scans, c.note, c.statement
FROM btwin.index_catalog() AS c;
COMMENT ON VIEW btwin.index_catalog IS
'The indexes btwin wants on the attached tables: the 27 of the reference report and the additional ones of the window functions (Epic 5 domain model, 1.6)';
COMMENT ON COLUMN btwin.index_catalog.index_name IS 'Name attach gives to the index';
COMMENT ON COLUMN btwin.index_catalog.number IS 'Number in the list of 27; NULL: additional';
COMMENT ON COLUMN btwin.index_catalog.table_name IS 'Table';
COMMENT ON COLUMN btwin.index_catalog.columns IS 'Columns as the table spells them';
COMMENT ON COLUMN btwin.index_catalog.purpose IS 'What it serves';
COMMENT ON COLUMN btwin.index_catalog.claim IS 'What the reference report claims: speed-up of the query, for single columns with its word on selectivity';
COMMENT ON COLUMN btwin.index_catalog.origin IS 'report, report note, completion (of the count of 27) or additional';
COMMENT ON COLUMN btwin.index_catalog.present IS 'An index serves';
COMMENT ON COLUMN btwin.index_catalog.served_by IS 'The index that serves: the one of this name, or another one with the same leading columns; NULL: none';
COMMENT ON COLUMN btwin.index_catalog.created_by_attach IS 'attach made the index that serves, and detach removes it';
COMMENT ON COLUMN btwin.index_catalog.size_bytes IS 'Size of the index that serves, with its partitions, in bytes';
COMMENT ON COLUMN btwin.index_catalog.scans IS 'Scans of the index that serves since the statistics were reset';
COMMENT ON COLUMN btwin.index_catalog.note IS 'What a reader should know';
COMMENT ON COLUMN btwin.index_catalog.statement IS 'Statement that creates the index, for those who want to run it themselves with CONCURRENTLY';
GRANT SELECT ON btwin.index_catalog TO PUBLIC;
