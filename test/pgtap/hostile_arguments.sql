-- Every function and aggregate of schema btwin that can be called without doing
-- something, with arguments of any kind: NULL, the ends of each type, empty and crooked
-- arrays, states and models. The server stays up; an error is one of data (class 22, 0A,
-- 54, or of btwin: TW, PT), never one of the server's own, nor a state that cannot be
-- read; and no answer to finite numbers holds NaN or infinity.
--
-- Functions are found in the catalog, so that a new one takes part.
\set QUIET on
SET client_min_messages = warning;
SET DateStyle = 'ISO, YMD';
SET TimeZone = 'UTC';
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS btwin;
SELECT plan(5);
CREATE TEMP TABLE attached AS SELECT * FROM btwin.attach('public', default_time_zone => 'Europe/Berlin');
INSERT INTO users (id) VALUES ('v');

CREATE TEMP TABLE sample (type regtype PRIMARY KEY, list text[] NOT NULL);
INSERT INTO sample VALUES
    ('boolean', '{true,false}'), ('integer', '{2147483647,-2147483648,0,1,7,24}'), ('bigint', '{9223372036854775807,-9223372036854775808,0,1,100}'),
    ('float8', '{NaN,Infinity,-Infinity,1e308,-1e308,5e-324,0,1,0.5,0.1,1e-10,1e10,-1}'), ('numeric', '{NaN,1e1000,0,1}'),
    ('text', ARRAY['', 'v', 'mean', 'hour', 'Europe/Berlin', 'public', repeat('x', 300)]), ('name', '{"",public}'), ('oid', '{0,1}'), ('regclass', '{users}'),
    ('date', '{4713-01-01 BC,0001-01-01,2026-03-01,5874897-12-31,infinity,-infinity}'), ('interval', '{1 day,-1 day,178000000 years,0}'),
    ('timestamptz', '{4714-11-24 00:00:00+00 BC,0001-01-01Z,2026-03-01Z,9999-12-31Z,294276-12-31 23:59:59Z,infinity,-infinity}'),
    ('jsonb', ARRAY['null', '1', '"x"', '[]', '{}', '[null]', '{"a": 1e400}', '{"job": "x"}']),
    ('boolean[]', ARRAY['{}', '{NULL}', '{true,false}']), ('integer[]', ARRAY['{}', '{NULL}', '{2147483647}', '{1,2,3}', '{{1},{2}}']), ('bigint[]', ARRAY['{}', '{NULL}', '{9223372036854775807}', '{1,2}']),
    ('float8[]', ARRAY['{NaN}', '{1e308,1e308}', '{5e-324}', '{NULL}', '{}', '{{1,2},{3,4}}', '{-1,0,1}', '{0.5,0.2,0.1}', '{Infinity}', '{0,0,0,0,0,0}', '{3,1,1,1,1,1}', '{0.1,0.1,0.1,0.1,0.1,0.1,0.1,0.1,0.1,0.1,0.1,0.1,0.1,0.1,0.1}']),
    ('text[]', ARRAY['{NULL}', '{}', '{"",a}', '{{a},{b}}', '{v}', '{a,b,c}']), ('date[]', ARRAY['{}', '{infinity}', '{2026-03-01}']), ('jsonb[]', ARRAY['{}', '{null}']),
    ('timestamptz[]', ARRAY['{}', '{NULL}', '{infinity}', '{2026-03-01Z,2026-03-02Z}', '{4714-11-24 00:00:00+00 BC}']),
    ('btwin.bandit', ARRAY[btwin.bandit_init('{}')::text, btwin.bandit_init('{a,b,c}')::text, (SELECT btwin.bandit_agg(a, 0.5)::text FROM unnest('{a,b}'::text[]) AS a)]),
    ('btwin.pattern', ARRAY[(SELECT btwin.pattern_agg(NULL::text, 1.0)::text), (SELECT btwin.pattern_agg(g % 24, (g % 7) / 7.0, date '2026-01-01' + g)::text FROM generate_series(1, 60) AS g)]),
    ('btwin.forgetting', ARRAY[(SELECT btwin.forgetting_agg(NULL::float8, NULL::boolean)::text), (SELECT btwin.forgetting_agg('c' || g % 5, timestamptz '2026-01-01Z' + g * interval '9 hours', g % 4 > 0)::text FROM generate_series(1, 60) AS g)]),
    ('btwin.burnout', ARRAY[(SELECT btwin.rollup(NULL::btwin.burnout)::text), (SELECT btwin.burnout_agg(date '2026-01-01' + g, g * 60000, 30 + g, 0.5, 2, g % 2, NULL, NULL, NULL)::text FROM generate_series(1, 60) AS g)]),
    ('btwin.cognitive_load', ARRAY[(SELECT btwin.rollup(NULL::btwin.cognitive_load)::text), (SELECT btwin.cognitive_load_agg(timestamptz '2026-01-01Z' + g * interval '1 minute', 1000 + g, g % 4 > 0)::text FROM generate_series(1, 60) AS g)]),
    ('btwin.load_baseline', ARRAY[(SELECT btwin.rollup(NULL::btwin.load_baseline)::text)]), ('btwin.calibration', ARRAY[(SELECT btwin.calibration_agg(NULL, true)::text), (SELECT btwin.calibration_agg(g / 61.0, g % 2 = 0)::text FROM generate_series(1, 60) AS g)]),
    ('btwin.forgetting_prior', ARRAY[btwin.forgetting_prior_default()::text]), ('btwin.logit_step', ARRAY[(SELECT btwin.logit_step_agg(NULL::boolean, '{1}', '{0,0}')::text)]), ('btwin.logit_model', ARRAY[btwin.struggle_model()::text, btwin.logit_prior('{a}', '{0}', '{1}')::text]);
-- what has effects is tested where they are; "anyelement" and "internal" cannot be written
CREATE TEMP TABLE subject AS
SELECT p.oid, p.proname AS name, p.proargtypes::oid[] AS types, p.provariadic <> 0 AS is_variadic, p.prokind = 'a' AS is_aggregate FROM pg_proc AS p
WHERE p.pronamespace = 'btwin'::regnamespace AND p.prokind IN ('f', 'a') AND p.proname !~ '^_' AND p.provolatile <> 'v' AND p.pronargs > 0
  AND p.proargtypes::oid[] <@ ARRAY(SELECT s.type::oid FROM sample AS s);
SELECT cmp_ok((SELECT count(*) FROM subject), '>', 150::bigint, 'so many functions');
SELECT is((SELECT string_agg(DISTINCT t.typname, ' ' ORDER BY t.typname) FROM pg_proc AS p CROSS JOIN LATERAL unnest(p.proargtypes::oid[]) AS a (type) JOIN pg_type AS t ON t.oid = a.type
           WHERE p.pronamespace = 'btwin'::regnamespace AND p.prokind IN ('f', 'a') AND p.proname !~ '^_' AND p.provolatile <> 'v' AND a.type NOT IN (SELECT s.type FROM sample AS s)),
          'bytea cstring internal', 'of no other types than these are there more');

CREATE TEMP TABLE answer (name name, arguments text, state text, message text);
-- width: columns of an aggregate; 0: a function
CREATE FUNCTION pg_temp.ask(name name, arguments text, width integer) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    shown text;
BEGIN
    EXECUTE CASE WHEN width > 0 THEN format('SELECT to_jsonb(btwin.%I(%s))::text FROM (VALUES %s) AS a', name, (SELECT string_agg('a.column' || n, ', ' ORDER BY n) FROM generate_series(1, width) AS n), arguments)
                 ELSE format('SELECT string_agg(to_jsonb(a)::text, '' '') FROM btwin.%I(%s) AS a', name, arguments) END INTO shown;
    INSERT INTO answer VALUES (name, arguments, CASE WHEN arguments !~ 'NaN|nfinity' AND shown ~ '(: |\[|^)"?(NaN|-?[Ii]nfinity)"?([,}\] ]|$)' THEN 'NaN' ELSE 'answered' END, left(shown, 200));
EXCEPTION WHEN OTHERS THEN
    INSERT INTO answer VALUES (name, arguments, SQLSTATE, SQLERRM);
END$$;
SELECT setseed(0.5) \g /dev/null
-- values of these types, drawn; where there is but one, each value in its turn
CREATE FUNCTION pg_temp.values(types oid[], is_variadic boolean, turn integer) RETURNS text LANGUAGE sql VOLATILE AS $$
SELECT string_agg(CASE WHEN is_variadic AND a.place = cardinality(types) THEN 'VARIADIC ' ELSE '' END
                  || CASE WHEN random() < 0.08 THEN 'NULL' WHEN cardinality(types) = 1 THEN quote_literal(s.list[1 + turn % cardinality(s.list)]) ELSE quote_literal(s.list[1 + floor(random() * cardinality(s.list))::integer]) END
                  || '::' || s.type, ', ' ORDER BY a.place)
FROM unnest(types) WITH ORDINALITY AS a (type, place) JOIN sample AS s ON s.type = a.type
$$;
DO $$
DECLARE
    f       record;
    columns text;
    rows    text;
BEGIN
    FOR f IN SELECT * FROM subject ORDER BY name, oid LOOP
        columns := (SELECT string_agg('NULL::' || a.type::regtype, ', ' ORDER BY a.place) FROM unnest(f.types) WITH ORDINALITY AS a (type, place));
        IF f.is_aggregate THEN
            FOR i IN 1 .. 60 LOOP
                rows := NULL;
                FOR j IN 1 .. 1 + i % 4 LOOP
                    rows := concat_ws(', ', rows, '(' || pg_temp.values(f.types, false, i + j) || ')');
                END LOOP;
                PERFORM pg_temp.ask(f.name, rows, cardinality(f.types));
            END LOOP;
            PERFORM pg_temp.ask(f.name, '(' || columns || ')', cardinality(f.types));
        ELSE
            FOR i IN 1 .. 60 LOOP
                PERFORM pg_temp.ask(f.name, pg_temp.values(f.types, f.is_variadic, i), 0);
            END LOOP;
            IF NOT f.is_variadic THEN
                PERFORM pg_temp.ask(f.name, columns, 0);
            END IF;
        END IF;
    END LOOP;
END$$;
SELECT is_empty($$SELECT name, state, message, left(arguments, 300) FROM answer WHERE state <> 'answered' AND (state !~ '^(22|0A|54|TW|PT)' OR state = '22P03')
                  AND (name, left(state, 2)) IS DISTINCT FROM ('logit_fit'::name, '42') -- it runs the query that it is given
                ORDER BY 1, 2, 3, 4$$, 'answers and errors of data, nothing else');
SELECT cmp_ok((SELECT count(*) FROM answer WHERE state = 'answered'), '>', 2000::bigint, 'answers');
SELECT cmp_ok((SELECT count(*) FROM answer WHERE state <> 'answered'), '>', 2000::bigint, 'and errors');
SELECT * FROM finish();
