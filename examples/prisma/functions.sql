-- Prints functions.ts: the functions of btwin_api as TypeScript sees them, from the
-- catalog of the database that the application uses.
--   psql "$DATABASE_URL" -XAtqf functions.sql > functions.ts
WITH kind (type, given, found) AS (VALUES
    ('text', 'string', 'string'), ('text[]', 'string[]', 'string[]'), ('integer', 'number', 'number'), ('double precision', 'number', 'number'), ('double precision[]', 'number[]', 'number[]'),
    ('boolean', 'boolean', 'boolean'), ('date', 'Date | string', 'Date'), ('timestamp with time zone', 'Date | string', 'Date'), ('jsonb', 'Json', 'Json')
), entry AS (
    SELECT p.proname, p.proretset, p.provolatile = 'v' AS writes,
           replace(split_part(coalesce(obj_description(p.oid, 'pg_proc'), ''), E'\n', 1), '*/', '* /') AS summary,
           (SELECT string_agg(format('%s?: %s | null', a.name, k.given), '; ' ORDER BY a.place) FROM unnest(p.proargnames, p.proargtypes::oid[]) WITH ORDINALITY AS a (name, type, place)
            JOIN kind k ON k.type = format_type(a.type, NULL)) AS arguments,
           (SELECT string_agg(format('%s: ''%s''', a.name, format_type(a.type, NULL)), ', ' ORDER BY a.place) FROM unnest(p.proargnames, p.proargtypes::oid[]) WITH ORDINALITY AS a (name, type, place)
            WHERE a.type IS NOT NULL) AS types,
           (SELECT string_agg(format('%s: %s | null', a.name, k.found), '; ' ORDER BY a.place) FROM unnest(p.proargnames, p.proallargtypes, p.proargmodes) WITH ORDINALITY AS a (name, type, mode, place)
            JOIN kind k ON k.type = format_type(a.type, NULL) WHERE a.mode = 't') AS columns
    FROM pg_catalog.pg_proc p
    WHERE p.pronamespace = 'btwin_api'::regnamespace AND p.prokind = 'f'
)
SELECT format(E'// Made by functions.sql from btwin %s: make it anew after an update.\n\n', (SELECT extversion FROM pg_catalog.pg_extension WHERE extname = 'btwin'))
    || E'export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };\nexport type Document = { [key: string]: Json };\n\n'
    || E'/** A score in a document */\nexport type Score = { value: number | null; low: number | null; high: number | null; confidence: number | null; evidence_count: number | null;'
    || E' method: string | null; version: string | null; computed_for: string | null; reasons: string[]; reason: string | null };\n\n'
    || E'export interface Functions {\n'
    || string_agg(format(E'\t/** %s */\n\t%s: { arguments: { %s }; answer: %s };\n', summary, proname, arguments, CASE WHEN proretset THEN format('{ %s }[]', columns) ELSE 'Document' END), '' ORDER BY proname)
    || E'}\n\n/** What each is given, as the server calls it */\nexport const functions = {\n'
    || string_agg(format(E'\t%s: { list: %s, writes: %s, arguments: { %s } },\n', proname, proretset::text, writes::text, types), '' ORDER BY proname)
    || '} as const;'
FROM entry;
