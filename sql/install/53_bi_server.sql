-- The BI views about the server, and the catalog of all of them.

-- Called with the rights of the reader, who need see neither schema btwin nor
-- the statistics: then there are no rows.
CREATE FUNCTION btwin._bi_statement_latency()
RETURNS TABLE (source text, statement_id bigint, name text, n_calls bigint, total_ms double precision, min_ms double precision, max_ms double precision,
               stddev_ms double precision, self_ms double precision, n_rows bigint)
LANGUAGE plpgsql STABLE ROWS 100
SET search_path = pg_catalog, pg_temp
AS $bi_statement_latency$
#variable_conflict use_column
DECLARE
    statistics regclass := (SELECT c.oid FROM pg_extension e JOIN pg_class c ON c.relnamespace = e.extnamespace AND c.relname = 'pg_stat_statements'
                            WHERE e.extname = 'pg_stat_statements');
BEGIN
    IF statistics IS NOT NULL THEN
        BEGIN
            -- one statement of several roles is one row
            RETURN QUERY EXECUTE format($statement$
                SELECT 'statement'::text, s.queryid, min(left(s.query, 1000)), sum(s.calls)::bigint, sum(s.total_exec_time), min(s.min_exec_time), max(s.max_exec_time),
                       sqrt(greatest(sum(s.calls * (s.stddev_exec_time ^ 2 + s.mean_exec_time ^ 2)) / sum(s.calls) - (sum(s.total_exec_time) / sum(s.calls)) ^ 2, 0)),
                       NULL::double precision, sum(s.rows)::bigint
                FROM %s AS s
                WHERE s.dbid = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())
                  AND s.query ~ '\mbtwin(_api|_bi)?"?\.' AND s.queryid IS NOT NULL AND s.calls > 0
                GROUP BY s.queryid$statement$, statistics);
        EXCEPTION WHEN object_not_in_prerequisite_state OR insufficient_privilege THEN
            NULL;       -- not preloaded, or not for this reader
        END;
    END IF;
    RETURN QUERY
    SELECT 'function', f.funcid::bigint, format('%s.%s', f.schemaname, f.funcname), f.calls, f.total_time, NULL::float8, NULL::float8, NULL::float8, f.self_time, NULL::bigint
    FROM pg_stat_user_functions f
    WHERE f.schemaname IN ('btwin', 'btwin_api', 'btwin_bi') AND f.calls > 0;
END
$bi_statement_latency$;
COMMENT ON FUNCTION btwin._bi_statement_latency() IS
'Internal: rows of btwin_bi.statement_latency: statements that name a schema of btwin, from pg_stat_statements, and its functions, from pg_stat_user_functions (track_functions). No rows where neither has any.';

INSERT INTO btwin.bi_view (view_name, position, layer, key_columns, grain, freshness, comment, query) VALUES
('statement_latency', 800, 'server', NULL, 'one row per statement or function', 'now',
 'How long statements that name a schema of btwin take (pg_stat_statements, where it is preloaded and created), and functions of btwin (where track_functions is on), since the statistics were reset; other roles'' statements show to members of pg_read_all_stats',
 $$SELECT l.*, l.total_ms / l.n_calls AS mean_ms, statement_timestamp() AS computed_at FROM btwin._bi_statement_latency() AS l$$),
('catalog', 900, 'server', NULL, 'one row per view and column', 'now',
 'The views of this schema, column by column',
 $$SELECT v.view_name, v.layer, v.comment AS view_comment, v.grain, v.freshness, r.n_rows, r.min_cohort, r.failures AS n_failures, r.error,
        c.position AS column_position, c.column_name, c.data_type, c.unit, c.value_range, c.comment AS column_comment,
        c.column_name = ANY (v.key_columns) IS TRUE AS is_key,
        (SELECT count(*) FROM btwin.bi_column AS n WHERE n.view_name = v.view_name) AS n_columns,
        CASE WHEN v.key_columns IS NULL THEN statement_timestamp() ELSE r.computed_at END AS computed_at
 FROM btwin.bi_view AS v JOIN btwin.bi_column AS c ON c.view_name = v.view_name LEFT JOIN btwin.bi_refresh AS r ON r.view_name = v.view_name
 ORDER BY v.position, c.position$$);

INSERT INTO btwin.bi_column (view_name, position, column_name, data_type, unit, value_range, comment)
SELECT p.view_name, row_number() OVER (PARTITION BY p.view_name ORDER BY p.place), p.column_name, p.data_type, p.unit, p.value_range, p.comment
FROM (VALUES
('statement_latency', 1, 'source', 'text', 'none', 'statement, function', 'What the row is of'),
('statement_latency', 2, 'statement_id', 'bigint', 'none', 'any', 'queryid of the statement, oid of the function'),
('statement_latency', 3, 'name', 'text', 'none', 'text', 'Text of the statement, its constants as $1 and so on, up to 1000 characters; name of the function'),
('statement_latency', 4, 'n_calls', 'bigint', 'calls', 'at least 1', 'Calls, denominator of mean_ms'),
('statement_latency', 5, 'total_ms', 'double precision', 'ms', 'at least 0', 'Time of all calls, numerator of mean_ms'),
('statement_latency', 6, 'mean_ms', 'double precision', 'ms', 'at least 0', 'total_ms over n_calls'),
('statement_latency', 7, 'min_ms', 'double precision', 'ms', 'at least 0; NULL for functions', 'Shortest call'),
('statement_latency', 8, 'max_ms', 'double precision', 'ms', 'at least 0; NULL for functions', 'Longest call'),
('statement_latency', 9, 'stddev_ms', 'double precision', 'ms', 'at least 0; NULL for functions', 'Standard deviation between calls'),
('statement_latency', 10, 'self_ms', 'double precision', 'ms', 'at least 0; NULL for statements', 'Time of all calls less that of other functions called within'),
('statement_latency', 11, 'n_rows', 'bigint', 'rows', 'at least 0; NULL for functions', 'Rows returned or changed by all calls'),
('catalog', 1, 'view_name', 'text', 'none', 'views of btwin_bi', 'View'),
('catalog', 2, 'layer', 'text', 'none', 'learner, cohort, server, dimension', 'Whose rows they are; learner: to be granted to named roles only'),
('catalog', 3, 'view_comment', 'text', 'none', 'text', 'What the view shows'),
('catalog', 4, 'grain', 'text', 'none', 'text', 'What a row of the view is'),
('catalog', 5, 'freshness', 'text', 'none', 'text', 'What makes the view new, and how old it may be'),
('catalog', 6, 'n_rows', 'bigint', 'rows', 'at least 0; NULL where worked out when read', 'Rows of the view after its last refresh, learners who opted out since included'),
('catalog', 7, 'min_cohort', 'integer', 'learners', 'at least 1; NULL where worked out when read', 'Learners a group had to have at the last refresh'),
('catalog', 8, 'n_failures', 'integer', 'refreshes', 'at least 0; NULL where worked out when read', 'Refreshes that failed since the last one that did not'),
('catalog', 9, 'error', 'text', 'none', 'text; NULL after a refresh that did not fail', 'Error of the last refresh'),
('catalog', 10, 'column_position', 'integer', 'none', 'at least 1', 'Order of the column'),
('catalog', 11, 'column_name', 'text', 'none', 'columns of the view', 'Column'),
('catalog', 12, 'data_type', 'text', 'none', 'text, boolean, integer, bigint, double precision, date, timestamp with time zone', 'Type'),
('catalog', 13, 'unit', 'text', 'none', 'text', 'Unit of the column'),
('catalog', 14, 'value_range', 'text', 'none', 'text', 'Range of the column, or the values it takes'),
('catalog', 15, 'column_comment', 'text', 'none', 'text', 'What the column says'),
('catalog', 16, 'is_key', 'boolean', 'none', 'true, false', 'The column is one of those that identify a row'),
('catalog', 17, 'n_columns', 'bigint', 'columns', 'at least 1', 'Columns of the view')
) AS p (view_name, place, column_name, data_type, unit, value_range, comment);

-- the last column of every view
INSERT INTO btwin.bi_column (view_name, position, column_name, data_type, unit, value_range, comment)
SELECT v.view_name, (SELECT max(c.position) + 1 FROM btwin.bi_column c WHERE c.view_name = v.view_name), 'computed_at', 'timestamp with time zone', 'moment', 'at most now; NULL: never refreshed',
       'Moment for which the row was worked out: what came later does not count'
FROM btwin.bi_view v;
