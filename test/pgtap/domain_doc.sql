-- doc/domain.md is what doc/domain.sql writes. Run from the top of the tree.
BEGIN;
SET LOCAL client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS btwin;
SELECT plan(2);
\set committed `cat doc/domain.md`
\o /dev/null
\i doc/domain.sql
\o
SELECT cmp_ok(length(:'committed'), '>', 50000, 'doc/domain.md was read');
SELECT ok(rtrim(:'committed', E'\n') = pg_temp.domain_document(), 'doc/domain.md is up to date (else: psql -XAtq -f doc/domain.sql > doc/domain.md)');
SELECT * FROM finish();
ROLLBACK;
