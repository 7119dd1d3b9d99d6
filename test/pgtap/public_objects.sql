-- Rules that every public object keeps: documented, named arguments, plain
-- result types, labels that are facts, nothing granted to PUBLIC by accident.
BEGIN;
SET LOCAL client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS btwin;
SELECT plan(13);

-- what only the server calls: input and output of types, parts of aggregates
CREATE TEMP VIEW member AS
SELECT p.*, p.oid::regprocedure::text AS signature
FROM pg_proc p
JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
JOIN pg_extension e ON d.refclassid = 'pg_extension'::regclass AND e.oid = d.refobjid AND e.extname = 'btwin';
CREATE TEMP VIEW support AS
SELECT unnest(ARRAY[aggtransfn, aggfinalfn, aggcombinefn, aggserialfn, aggdeserialfn, aggmtransfn, aggminvtransfn, aggmfinalfn])::oid AS oid FROM pg_aggregate
UNION SELECT unnest(ARRAY[typinput, typoutput, typreceive, typsend, typmodin, typmodout, typanalyze])::oid FROM pg_type;
CREATE TEMP VIEW public_function AS
SELECT * FROM member WHERE oid NOT IN (SELECT oid FROM support);

SELECT cmp_ok((SELECT count(*) FROM public_function), '>', 30::bigint, 'the rules below look at something');
SELECT is_empty($$SELECT signature FROM public_function WHERE obj_description(oid, 'pg_proc') IS NULL ORDER BY 1$$,
                'every public function and aggregate has a comment');
SELECT is_empty($$SELECT signature FROM public_function WHERE length(obj_description(oid, 'pg_proc')) < 25 AND proname NOT LIKE '\_%' ORDER BY 1$$,
                'and the comment says something (a leading underscore marks a part of another function)');
SELECT is_empty($$SELECT signature FROM public_function
                  WHERE pronargs > 0 AND (proargnames IS NULL OR '' = ANY (proargnames)) ORDER BY 1$$,
                'every argument of a public function has a name');
SELECT is_empty($$SELECT signature, prorettype::regtype FROM public_function
                  WHERE prorettype::regtype::text IN ('void', 'interval', 'regclass', 'int4range', 'int8range', 'tstzrange', 'tsrange', 'daterange', 'numrange', 'xid', '"char"')
                     OR EXISTS (SELECT FROM unnest(proallargtypes, proargmodes) a(t, m)
                                WHERE m IN ('o', 't', 'b') AND t::regtype::text IN ('void', 'interval', 'regclass', 'int4range', 'int8range', 'tstzrange', 'tsrange', 'daterange', 'numrange')) ORDER BY 1$$,
                'no public function returns what drivers cannot read');
SELECT is_empty($$SELECT signature FROM member m JOIN pg_aggregate a ON a.aggfnoid = m.oid WHERE (proparallel <> 's' OR a.aggcombinefn = 0)
                    -- an iterative fit over whole states: its parts cannot be added up
                    AND m.signature <> 'btwin.forgetting_prior_agg(btwin.forgetting)' ORDER BY 1$$,
                'every aggregate is parallel safe and has a combine function');
SELECT is_empty($$SELECT signature FROM member WHERE prolang = (SELECT oid FROM pg_language WHERE lanname = 'c') AND provolatile = 'i' AND proparallel <> 's' ORDER BY 1$$,
                'every immutable C function is parallel safe');
SELECT is_empty($$SELECT signature FROM member WHERE prosecdef ORDER BY 1$$,
                'no function runs with its owner''s rights');
SELECT is_empty($$SELECT t.typname FROM pg_type t JOIN pg_depend d ON d.classid = 'pg_type'::regclass AND d.objid = t.oid AND d.deptype = 'e'
                  JOIN pg_extension e ON e.oid = d.refobjid AND e.extname = 'btwin'
                  WHERE t.typtype = 'b' AND t.typelem = 0 AND obj_description(t.oid, 'pg_type') IS NULL ORDER BY 1$$,
                'every state type has a comment');
SELECT is_empty($$SELECT t.typname FROM pg_type t JOIN pg_depend d ON d.classid = 'pg_type'::regclass AND d.objid = t.oid AND d.deptype = 'e'
                  JOIN pg_extension e ON e.oid = d.refobjid AND e.extname = 'btwin'
                  WHERE t.typtype = 'b' AND t.typelem = 0
                    AND NOT EXISTS (SELECT FROM pg_cast c WHERE c.castsource = t.oid AND c.casttarget = 'jsonb'::regtype) ORDER BY 1$$,
                'every state type casts to jsonb');
SELECT is_empty($$SELECT c.oid::regclass, a.attname FROM pg_class c JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'
                  JOIN pg_extension e ON e.oid = d.refobjid AND e.extname = 'btwin'
                  LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND col_description(c.oid, a.attnum) IS NULL
                  WHERE c.relkind IN ('r', 'v', 'm') AND (obj_description(c.oid, 'pg_class') IS NULL OR a.attname IS NOT NULL) ORDER BY 1, 2$$,
                'every table, view and column has a comment');
SELECT is_empty($$SELECT n.nspname, x.privilege_type FROM pg_namespace n, aclexplode(n.nspacl) x WHERE n.nspname LIKE 'btwin%' AND x.grantee = 0$$,
                'nothing is granted on the schemas to PUBLIC');
-- functions in SQL and PL/pgSQL: with string bodies every name must carry its schema
SELECT is_empty($$SELECT signature FROM member WHERE prosqlbody IS NULL AND prolang IN (SELECT oid FROM pg_language WHERE lanname IN ('sql', 'plpgsql'))
                  AND prosrc ~ '\m(FROM|JOIN|INTO|UPDATE)\s+(users|reviews|missions|cards|study_sessions)\M' ORDER BY 1$$,
                'no body reads an application table without its schema');
SELECT * FROM finish();
ROLLBACK;
