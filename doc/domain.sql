-- Writes doc/domain.md from the data model of the installed extension. From the
-- top of the tree, in a database with btwin:
--
--     psql -XAtq -f doc/domain.sql > doc/domain.md
--
-- test/pgtap/domain_doc.sql compares the two.
CREATE FUNCTION pg_temp.domain_document() RETURNS text LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $document$
SELECT concat_ws(E'\n',
$head$# The data model

Written by `doc/domain.sql` from the rows of `btwin.domain_table` and its companions; do not edit. It is the model of the
Epic 5 domain sheet, sections 1.1 to 1.6. `btwin.attach` creates what is missing of it and adopts what exists
(`doc/attach.md`).

* An adopted column may bear its name in snake_case or in the reference's camelCase.
* Needed: `yes` is NOT NULL in created tables; `reference` has always a value in the reference's tables and may be NULL in
  created ones, since logs of other sources do not know it. Range and values are CHECK constraints of created tables; adopted tables keep their own.
* Every table has a text key `id`. Created tables fill it with the form the reference's clients use: c and 24 of a-z0-9.
* Created moments refuse infinity, created numbers NaN and infinity.

## Types

| class | created as | shown as | adopted |
| --- | --- | --- | --- |$head$,
(SELECT string_agg(format('| %s | %s | %s | %s |', y.type_class, y.created_as, y.shown_as, y.needed), E'\n' ORDER BY y.type_class COLLATE "C") FROM btwin.domain_type y),
$lists$
## Lists of values

| list | values, in order |
| --- | --- |$lists$,
(SELECT string_agg(format('| %s | %s |', e.enum_name, array_to_string(e.allowed, ', ')), E'\n' ORDER BY e.enum_name COLLATE "C") FROM btwin.domain_enum e),
$indexes$
## Indexes

The 27 of the reference report: it names 1 to 16 in its tables and 17 in its endpoint notes; 18 to 27 complete its count.
An index is made only where none serves; `btwin.index_catalog` says which does.

| number | table | columns | serves | claim of the report | note |
| --- | --- | --- | --- | --- | --- |$indexes$,
(SELECT string_agg(format('| %s | %s | %s%s | %s | %s | %s |', coalesce(i.number::text, 'additional'), i.table_name,
                          (SELECT string_agg(k.c || CASE WHEN k.c = ANY (i.descending) THEN ' desc' ELSE '' END, ', ' ORDER BY k.o)
                           FROM unnest(i.columns) WITH ORDINALITY AS k (c, o)),
                          coalesce(' include (' || nullif(array_to_string(i.include, ', '), '') || ')', ''),
                          i.purpose, coalesce(i.claim, ''), coalesce(i.note, '')),
                   E'\n' ORDER BY i.number, t.position)
 FROM btwin.domain_index i JOIN btwin.domain_table t ON t.table_name = i.table_name),
$tables$
## Tables

| table | learner | moment | written by btwin | rows |
| --- | --- | --- | --- | --- |$tables$,
(SELECT string_agg(format('| %s | %s | %s | %s | %s |', t.table_name,
                          coalesce(t.learner_column, 'through ' || t.learner_via, 'none'), coalesce(t.moment_column, ''),
                          CASE WHEN t.written THEN 'yes' ELSE '' END, t.comment), E'\n' ORDER BY t.position)
 FROM btwin.domain_table t),
(SELECT string_agg(format(E'\n### %s\n\n%s%s%s\n\n| column | reference | type | needed | default | range, unit | refers to | meaning |\n| --- | --- | --- | --- | --- | --- | --- | --- |\n%s',
                          t.table_name, t.comment,
                          CASE WHEN t.learner_column = 'user_id' AND t.moment_column IS NOT NULL
                               THEN format(E'\nRead per learner through `btwin.%s_window(user_id, from_at, to_at)`, by %s.', t.table_name, t.moment_column) ELSE '' END,
                          (SELECT E'\nUnique: ' || string_agg('(' || array_to_string(u.columns, ', ') || ')', ', ' ORDER BY u.columns) || '.'
                           FROM btwin.domain_unique u WHERE u.table_name = t.table_name),
                          (SELECT string_agg(format('| %s | %s | %s | %s | %s | %s | %s | %s%s |', d.column_name, d.reference_name,
                                                    coalesce(d.enum_name, d.type_class), CASE WHEN d.may_be_unknown THEN 'reference' WHEN d.not_null THEN 'yes' ELSE '' END,
                                                    coalesce('`' || CASE WHEN d.column_name = 'id' THEN 'c...' ELSE d.default_value END || '`', ''),
                                                    concat_ws(' ', CASE WHEN num_nonnulls(d.minimum, d.maximum) = 2 THEN d.minimum || ' to ' || d.maximum
                                                                        WHEN d.minimum IS NOT NULL THEN 'at least ' || d.minimum
                                                                        WHEN d.maximum IS NOT NULL THEN 'at most ' || d.maximum END, d.unit),
                                                    coalesce(r.referenced || ', ' || lower(r.on_delete), ''), d.comment,
                                                    CASE WHEN d.secret THEN '. Never shown' ELSE '' END), E'\n' ORDER BY d.position)
                           FROM btwin.domain_column d
                           LEFT JOIN btwin.domain_reference r ON r.table_name = d.table_name AND r.column_name = d.column_name
                           WHERE d.table_name = t.table_name)), E'\n' ORDER BY t.position)
 FROM btwin.domain_table t))
$document$;
SELECT pg_temp.domain_document();
