-- What PostgREST does with btwin_api, without a PostgREST: what its catalog query
-- shows, and the statements of its requests for every function, made from the
-- catalog: transaction mode by volatility, claims and role as settings, arguments
-- by name, select, filter, order and limit around them, errors as HTTP status.
-- (examples/postgrest has a run against the real one.)
BEGIN;
SET LOCAL client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS btwin;
\ir api_functions.psql
SELECT plan(26);
CREATE ROLE regress_authenticator NOINHERIT;
CREATE ROLE regress_web;
CREATE ROLE regress_service;
CREATE ROLE regress_anonymous;
GRANT regress_web, regress_service, regress_anonymous TO regress_authenticator;
CREATE TEMP TABLE attached AS SELECT * FROM btwin.attach('public');
INSERT INTO users (id) VALUES ('u1'), ('u2');
INSERT INTO missions (id, user_id, date, estimated_minutes, objectives) SELECT format('%s-m%s', u, g), u, now() - g * interval '1 day', 30, '[]' FROM unnest('{u1,u2}'::text[]) u, generate_series(1, 3) g;
-- a list, a document and a write, whatever else there is
CREATE FUNCTION btwin_api.regress_list(user_id text DEFAULT NULL, max_rows integer DEFAULT 20) RETURNS TABLE (id text, minutes integer) LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 20 SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    learner text := btwin._caller(regress_list.user_id);
BEGIN
    PERFORM btwin._check_max_rows(regress_list.max_rows, 100);
    RETURN QUERY SELECT m.id, m.estimated_minutes FROM btwin.missions m WHERE m.user_id = learner ORDER BY m.date DESC, m.id LIMIT regress_list.max_rows;
END $$;
COMMENT ON FUNCTION btwin_api.regress_list(text, integer) IS E'Missions of the learner\n\nThe rest.';
CREATE FUNCTION btwin_api.regress_document(user_id text DEFAULT NULL) RETURNS jsonb LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN jsonb_build_object('learner', btwin._caller(regress_document.user_id), 'none', NULL);
END $$;
COMMENT ON FUNCTION btwin_api.regress_document(text) IS E'A document\n\nThe rest.';
CREATE FUNCTION btwin_api.regress_write(user_id text DEFAULT NULL, minutes integer DEFAULT NULL) RETURNS jsonb LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    learner text := btwin._caller(regress_write.user_id, writes => true);
    n       integer;
BEGIN
    UPDATE public.missions m SET estimated_minutes = regress_write.minutes WHERE m.user_id = learner;
    GET DIAGNOSTICS n = ROW_COUNT;
    RETURN jsonb_build_object('changed', n);
END $$;
COMMENT ON FUNCTION btwin_api.regress_write(text, integer) IS E'A write\n\nThe rest.';
CREATE TEMP TABLE secured AS SELECT * FROM btwin.secure('regress_web', 'regress_service', claim_sources => '{request.jwt.claims->>sub}');

-- Functions as its schema cache lists them: by name and arguments, no aggregates, no
-- triggers, at most one argument without a name
CREATE TEMP VIEW endpoint AS
SELECT p.oid, p.proname::text AS name, p.provolatile AS volatility, p.proretset AS is_set,
       p.proretset AND (t.typtype = 'c' OR coalesce(p.proargmodes::text[] && '{t,b,o}', false)) AS is_list,
       split_part(obj_description(p.oid, 'pg_proc'), E'\n', 1) AS summary,
       ARRAY(SELECT a.name FROM unnest(p.proargnames, p.proargtypes::oid[]) WITH ORDINALITY AS a (name, type, place) WHERE a.type IS NOT NULL ORDER BY a.place) AS arguments,
       ARRAY(SELECT format_type(a.type, NULL) FROM unnest(p.proargtypes) WITH ORDINALITY AS a (type, place) ORDER BY a.place) AS types,
       ARRAY(SELECT a.name FROM unnest(p.proargnames, p.proallargtypes, p.proargmodes) WITH ORDINALITY AS a (name, type, mode, place) WHERE a.mode = 't' ORDER BY a.place) AS columns,
       p.pronargs, p.pronargdefaults, p.prosecdef, p.proconfig, p.prorettype::regtype::text AS result
FROM pg_proc p JOIN pg_type t ON t.oid = p.prorettype
WHERE p.pronamespace = 'btwin_api'::regnamespace AND p.prokind = 'f' AND p.prorettype <> 'trigger'::regtype;

SELECT cmp_ok((SELECT count(*) FROM endpoint WHERE name NOT LIKE 'regress%'), '>=', (:api_functions)::bigint, 'endpoints there must be');
SELECT is_empty($$SELECT oid::regproc FROM pg_proc WHERE pronamespace = 'btwin_api'::regnamespace AND oid NOT IN (SELECT oid FROM endpoint)$$, 'nothing lies there that is no endpoint');
SELECT is_empty($$SELECT c.oid::regclass FROM pg_class c WHERE c.relnamespace = 'btwin_api'::regnamespace$$, 'nor a table or view');
SELECT is_empty('SELECT name FROM endpoint GROUP BY name HAVING count(*) > 1', 'one name, one signature');
SELECT is_empty('SELECT name FROM endpoint WHERE pronargs > pronargdefaults', 'every argument has a default');
SELECT is_empty($$SELECT name, a FROM endpoint, unnest(arguments) a WHERE a !~ '^[a-z][a-z0-9_]*$' OR a IN ('select', 'order', 'limit', 'offset', 'and', 'or', 'not', 'columns', 'on_conflict')$$, 'arguments have names that a query string can give');
SELECT is_empty('SELECT name, a FROM endpoint, unnest(arguments) a WHERE a = ANY (columns)', 'and that no column of the result has: PostgREST takes ?a=1 for the argument');
SELECT is_empty($$SELECT name, t FROM endpoint, unnest(types) t WHERE t NOT IN ('text', 'text[]', 'integer', 'double precision', 'double precision[]', 'boolean', 'date', 'timestamp with time zone', 'jsonb')$$, 'of types that JSON can hold');
SELECT is_empty($$SELECT name, result FROM endpoint WHERE NOT is_list AND result <> 'jsonb'$$, 'results are lists or documents');
SELECT is_empty($$SELECT name, summary FROM endpoint WHERE summary IS NULL OR length(summary) NOT BETWEEN 5 AND 200$$, 'each has a summary');
SELECT is_empty($$SELECT name FROM endpoint WHERE prosecdef OR NOT coalesce(proconfig::text ~ 'search_path=pg_catalog, pg_temp', false)$$, 'none runs with its owner''s rights, each with a path of its own');
SELECT is_empty($$SELECT name FROM endpoint WHERE EXISTS (SELECT FROM aclexplode((SELECT coalesce(p.proacl, acldefault('f', p.proowner)) FROM pg_proc p WHERE p.oid = endpoint.oid)) x WHERE x.grantee = 0)$$, 'none is for everybody');

-- The statements of a request
CREATE FUNCTION pg_temp.outer_select(body text, page_total text, rest text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT format($q$ SELECT null::bigint AS total_result_set, %s AS page_total, %s AS body, nullif(current_setting('response.headers', true), '') AS response_headers,
        nullif(current_setting('response.status', true), '') AS response_status, '' AS response_inserted FROM (%s) _postgrest_t$q$, page_total, body, rest)
$$;
CREATE FUNCTION pg_temp.inner_select(e endpoint, rest text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN (e).is_list THEN pg_temp.outer_select('coalesce(json_agg(_postgrest_t), ''[]'')', 'pg_catalog.count(_postgrest_t)', format('SELECT %I.* FROM "pgrst_source" AS %1$I %2$s', (e).name, rest))
                ELSE pg_temp.outer_select('coalesce(json_agg(_postgrest_t.pgrst_scalar)->0, ''null'')', '1', format('SELECT %I.* FROM "pgrst_source" AS %1$I', (e).name)) END
$$;
-- GET: $1 is a JSON object here, whose values are the parameters, of unknown type there
CREATE FUNCTION pg_temp.get(e endpoint, arguments jsonb, rest text DEFAULT '') RETURNS text LANGUAGE sql STABLE AS $$
    SELECT format(CASE WHEN (e).is_list THEN 'WITH pgrst_source AS (SELECT "pgrst_call".* FROM "btwin_api".%I(%s) pgrst_call)'
                       ELSE 'WITH pgrst_source AS (SELECT pgrst_call.pgrst_scalar FROM (SELECT "btwin_api".%I(%s) pgrst_scalar) pgrst_call)' END, (e).name,
                  (SELECT string_agg(format('%I := %L::%s', a.name, arguments ->> a.name, a.type), ', ') FROM unnest((e).arguments, (e).types) AS a (name, type) WHERE arguments ? a.name))
           || pg_temp.inner_select(e, rest)
$$;
CREATE FUNCTION pg_temp.post(e endpoint, arguments jsonb, rest text DEFAULT '') RETURNS text LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN arguments = '{}' THEN pg_temp.get(e, arguments, rest) ELSE
           format(CASE WHEN (e).is_list THEN 'WITH pgrst_source AS (SELECT "pgrst_call".* FROM %1$s, LATERAL "btwin_api".%2$I(%3$s) pgrst_call)'
                       ELSE 'WITH pgrst_source AS (SELECT pgrst_call.pgrst_scalar FROM %1$s, LATERAL (SELECT "btwin_api".%2$I(%3$s) pgrst_scalar) pgrst_call)' END,
                  format('(SELECT %L::json AS json_data) pgrst_payload, LATERAL (SELECT %s FROM json_to_record(pgrst_payload.json_data) AS _(%s) LIMIT 1) pgrst_body',
                         arguments, string_agg(quote_ident(a.name), ', '), string_agg(format('%I %s', a.name, a.type), ', ')),
                  (e).name, string_agg(format('%I := pgrst_body.%1$I', a.name), ', '))
           || pg_temp.inner_select(e, rest) END
    FROM unnest((e).arguments, (e).types) AS a (name, type) WHERE arguments ? a.name OR arguments = '{}'
$$;
CREATE FUNCTION pg_temp.http(state text, role_name text) RETURNS int LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN state ~ '^PT[0-9]{3}$' THEN substr(state, 3)::int WHEN state = '25006' THEN 405 WHEN state IN ('42883', '42P01') THEN 404
                WHEN state = '42501' THEN CASE role_name WHEN 'regress_anonymous' THEN 401 ELSE 403 END WHEN state = 'P0001' OR state LIKE '22%' THEN 400
                WHEN state IN ('23503', '23505') THEN 409 WHEN state LIKE '23%' THEN 400
                WHEN state ~ '^(09|25|2D|38|39|3B|40|54|55|57|58|F0|HV|XX|P0)' OR state IN ('21000', '42P17') THEN 500 WHEN state ~ '^(08|53)' THEN 503 WHEN state ~ '^(0L|0P|28)' THEN 403 ELSE 400 END
$$;
-- One request: settings, role, statement, in a transaction of its mode; HTTP status and body
CREATE FUNCTION pg_temp.request(role_name text, learner text, method text, function_name text, arguments jsonb DEFAULT '{}', rest text DEFAULT '') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    e       endpoint;
    answer  record;
    m text; d text; h text; s text;
BEGIN
    SELECT * INTO STRICT e FROM endpoint WHERE name = function_name;
    BEGIN
        PERFORM set_config('transaction_read_only', CASE WHEN method = 'GET' OR e.volatility <> 'v' THEN 'on' ELSE 'off' END, true);
        PERFORM set_config('search_path', '"btwin_api", "public"', true), set_config('role', role_name, true),
                set_config('request.jwt.claims', CASE WHEN learner = '' THEN '' ELSE json_strip_nulls(json_build_object('role', role_name, 'sub', learner))::text END, true), set_config('request.method', method, true),
                set_config('request.path', '/rpc/' || function_name, true), set_config('request.headers', '{"accept":"*/*"}', true), set_config('request.cookies', '{}', true);
        EXECUTE CASE method WHEN 'GET' THEN pg_temp.get(e, arguments, rest) ELSE pg_temp.post(e, arguments, rest) END INTO answer;
        RAISE EXCEPTION USING ERRCODE = 'UNDO0';
    EXCEPTION WHEN OTHERS THEN
        IF SQLSTATE = 'UNDO0' THEN
            RETURN '200 ' || answer.body;
        END IF;
        GET STACKED DIAGNOSTICS m = MESSAGE_TEXT, d = PG_EXCEPTION_DETAIL, h = PG_EXCEPTION_HINT, s = RETURNED_SQLSTATE;
        RETURN concat_ws(' ', pg_temp.http(s, role_name), s, coalesce((regexp_match(d, '"code": "([a-z_]+)"'))[1], nullif(m, '')), CASE WHEN h = '' AND s LIKE 'PT%' THEN 'without a hint' END);
    END;
END $$;

-- Every function, by GET where it only reads and by POST
CREATE TEMP TABLE answered AS
SELECT e.name, e.volatility, e.is_list, m.method, pg_temp.request('regress_web', 'u1', m.method, e.name, m.arguments) AS said
FROM endpoint e, (VALUES ('GET', '{}'::jsonb), ('POST', '{}'), ('POST', '{"user_id": "u1"}')) AS m (method, arguments)
WHERE 'user_id' = ANY (e.arguments);
SELECT is_empty($$SELECT name, method, said FROM answered WHERE volatility <> 'v' AND said !~ '^(200 |422 PT422 |400 PT400 missing_argument|403 PT403 service_only)'$$, 'reads answer, or say that there is too little, or which argument is missing');
SELECT is_empty($$SELECT name, method, said FROM answered WHERE said LIKE '200 %' AND said !~ CASE WHEN is_list THEN '^200 \[' ELSE '^200 \{' END$$, 'lists are arrays, documents objects');
SELECT is_empty($$SELECT name, said FROM answered WHERE said ~ '\m(NaN|Infinity)\M'$$, 'without NaN and infinity');
SELECT is_empty($$SELECT a.name, a.said, b.said FROM answered a JOIN answered b ON b.name = a.name AND a.method = 'GET' AND b.method = 'POST' AND a.volatility <> 'v' WHERE a.said <> b.said$$, 'GET and POST answer the same');
SELECT is((SELECT count(DISTINCT name) FROM answered WHERE volatility <> 'v' AND said LIKE '200 %') >= (SELECT count(*) * 0.6 FROM endpoint WHERE volatility <> 'v'), true, 'most of them with something');
SELECT is_empty($$SELECT name, said FROM (SELECT e.name, pg_temp.request('regress_anonymous', NULL, 'GET', e.name) AS said FROM endpoint e) q WHERE said NOT LIKE '401 42501 %'$$, 'anonymous: 401');
SELECT is_empty($$SELECT name, said FROM (SELECT e.name, pg_temp.request('regress_web', c, 'POST', e.name) AS said FROM endpoint e, unnest(ARRAY[NULL, '']) c WHERE e.name LIKE 'regress%') q WHERE said <> '403 PT403 no_claim'$$, 'a token without a learner, or none: 403');
SELECT is_empty($$SELECT name, said FROM (SELECT e.name, pg_temp.request('regress_web', 'u1', 'POST', e.name, '{"user_id": "u2"}') AS said FROM endpoint e WHERE 'user_id' = ANY (e.arguments)) q
                  WHERE said !~ '^(403 PT403 (forbidden|service_only)|400 PT400 missing_argument)$'$$, 'another learner: 403');
SELECT is_empty($$SELECT name, said FROM (SELECT e.name, pg_temp.request('regress_service', NULL, 'GET', e.name, '{"user_id": "nobody"}') AS said FROM endpoint e WHERE 'user_id' = ANY (e.arguments)) q
                  WHERE said !~ '^(404 PT404 unknown_learner|400 PT400 missing_argument)$'$$, 'a service and an unknown learner: 404');
-- filters, order and limit around a function
SELECT is(pg_temp.request('regress_web', 'u1', 'GET', 'regress_list', '{"max_rows": 3}', $$WHERE "regress_list"."id" > 'u1-m1' ORDER BY "regress_list"."id" DESC LIMIT 1 OFFSET 0$$), '200 [{"id":"u1-m3","minutes":30}]', 'select, filter, order, limit');
SELECT is(pg_temp.request('regress_web', 'u1', 'GET', 'regress_document'), '200 {"none": null, "learner": "u1"}', 'a document');
SELECT is((SELECT array_agg(pg_temp.request('regress_web', 'u1', m, 'regress_write', '{"minutes": 20}')) FROM unnest('{GET,POST}'::text[]) m), '{"405 25006 cannot execute UPDATE in a read-only transaction","200 {\"changed\": 3}"}', 'a write by GET: 405; by POST: its learner''s rows');
SELECT is((SELECT array_agg(pg_temp.request('regress_web', 'u1', 'POST', 'regress_list', a)) FROM unnest(ARRAY['{"max_rows": 101}', '{"max_rows": null}', '{"max_rows": "x"}', '{"max_rows": 2147483648}']::jsonb[]) a),
          '{"400 PT400 out_of_range","400 PT400 missing_argument","400 22P02 invalid input syntax for type integer: \"x\"","400 22003 value \"2147483648\" is out of range for type integer"}', 'arguments that are wrong: 400');
SELECT is(current_user::text, session_user::text, 'nothing of a request is left');
SELECT * FROM finish();
ROLLBACK;
