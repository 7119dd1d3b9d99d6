-- What every call of btwin_api begins with: who calls, for whom, which moment,
-- and what a call that cannot be answered is told. Roles and policies: secure.sql.
\set QUIET on
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS btwin;
SELECT plan(65);

-- The refusal of a statement as "SQLSTATE code argument": a program reads these.
CREATE FUNCTION pg_temp.refusal(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    detail text;
    hint text;
BEGIN
    EXECUTE statement;
    RETURN 'accepted';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
    IF left(SQLSTATE, 2) <> 'PT' THEN
        RETURN SQLSTATE;
    END IF;
    RETURN concat_ws(' ', SQLSTATE, detail::jsonb ->> 'code', detail::jsonb ->> 'argument', CASE WHEN hint = '' THEN 'without a hint' END);
END $$;

SELECT is(pg_temp.refusal($$SELECT btwin._caller('ann')$$), 'PT400 not_attached', 'before attach');
CREATE TEMP TABLE attached AS SELECT * FROM btwin.attach('public');
CREATE TEMP TABLE detached AS SELECT * FROM btwin.detach();
SELECT is(pg_temp.refusal($$SELECT btwin._caller('ann')$$), 'PT400 not_attached', 'after detach');
CREATE TEMP TABLE attached_again AS SELECT * FROM btwin.attach('public');
INSERT INTO users (id, behavioral_analysis_enabled) VALUES ('ann', true), ('bob', true), ('off', false);

-- claims: the first setting that has one; '' is none, neither is an empty object
SELECT is(btwin._claim('{request.jwt.claims->>sub,app.current_user_id,btwin.user_id}'), NULL, 'no setting, no claim');
SET btwin.user_id = 'third';
SELECT is(btwin._claim('{request.jwt.claims->>sub,app.current_user_id,btwin.user_id}'), 'third', 'the last setting counts');
SET app.current_user_id = 'second';
SELECT is(btwin._claim('{request.jwt.claims->>sub,app.current_user_id,btwin.user_id}'), 'second', 'the second before it');
SET request.jwt.claims = '{"sub": "first", "role": "web"}';
SELECT is(btwin._claim('{request.jwt.claims->>sub,app.current_user_id,btwin.user_id}'), 'first', 'the token before both');
SELECT is(btwin._claim('{btwin.user_id,request.jwt.claims->>sub}'), 'third', 'in the order that is asked for');
SELECT is(btwin._claim('{request.jwt.claims->>role}'), 'web', 'by the key that is asked for');
SET request.jwt.claims = '{"role": "web"}';
SELECT is(btwin._claim('{request.jwt.claims->>sub,app.current_user_id}'), 'second', 'a token without the key');
SET request.jwt.claims = '{"sub": ""}';
SELECT is(btwin._claim('{request.jwt.claims->>sub,app.current_user_id}'), 'second', 'a token with an empty one');
SET request.jwt.claims = '{"sub": null}';
SELECT is(btwin._claim('{request.jwt.claims->>sub,app.current_user_id}'), 'second', 'or a null one');
SET request.jwt.claims = '';
SET app.current_user_id = '';
SELECT is(btwin._claim('{request.jwt.claims->>sub,app.current_user_id,btwin.user_id}'), 'third', 'what a pooled connection leaves is no claim');
SET request.jwt.claims = '{"sub": ';
SELECT throws_ok($$SELECT btwin._claim('{request.jwt.claims->>sub}')$$, '22P02', NULL, 'a token that is no JSON');
RESET request.jwt.claims;
RESET app.current_user_id;
RESET btwin.user_id;

-- the owner is a service: it names anybody, and is told who is unknown
SELECT ok(btwin._is_service(), 'the owner is a service');
SELECT is(btwin._caller('bob'), 'bob', 'a service names the learner');
SELECT is(pg_temp.refusal('SELECT btwin._caller(NULL)'), 'PT400 user_required user_id', 'and must');
SELECT is(pg_temp.refusal($$SELECT btwin._caller('nobody')$$), 'PT404 unknown_learner user_id', 'an unknown one');
SELECT is(pg_temp.refusal($$SELECT btwin._caller('off')$$), 'PT403 analysis_disabled', 'one who is not analysed');
SELECT is(btwin._caller('off', gated => false), 'off', 'where that does not matter');
SELECT is(pg_temp.refusal('SELECT btwin._refuse_foreign()'), 'PT404 unknown_id', 'an id that is not the learner''s');
SET btwin.user_id = 'ann';
SELECT is(btwin._caller(NULL), 'ann', 'a service with a claim is that learner');
SELECT is(btwin._caller('bob'), 'bob', 'unless it names another');
RESET btwin.user_id;

-- a learner: a role that is no service, here with rights on what these checks read
CREATE ROLE regress_access_learner;
CREATE ROLE regress_access_service;
CREATE ROLE regress_access_member IN ROLE regress_access_service;
CREATE ROLE regress_access_noinherit NOINHERIT IN ROLE regress_access_service;
GRANT USAGE ON SCHEMA btwin TO PUBLIC;
GRANT SELECT ON btwin.access, btwin.users, users TO regress_access_learner, regress_access_service, regress_access_noinherit;
SET ROLE regress_access_learner;
SELECT ok(NOT btwin._is_service(), 'another role is a learner');
SELECT is(pg_temp.refusal('SELECT btwin._caller(NULL)'), 'PT403 no_claim', 'without a claim nobody');
SELECT is(pg_temp.refusal($$SELECT btwin._caller('ann')$$), 'PT403 no_claim', 'whoever is named');
SET btwin.user_id = 'ann';
SELECT is(btwin._caller(NULL), 'ann', 'with a claim that learner');
SELECT is(btwin._caller('ann'), 'ann', 'by name too');
CREATE TEMP TABLE told AS SELECT id, (SELECT pg_temp.refusal(format('SELECT btwin._caller(%L)', id))) AS refusal FROM unnest('{bob,off,nobody,""}'::text[]) AS id;
SELECT is((SELECT array_agg(DISTINCT refusal) FROM told), ARRAY['PT403 forbidden'], 'another learner, one not analysed, an unknown one, an empty name: one answer');
SELECT is(pg_temp.refusal('SELECT btwin._refuse_foreign()'), 'PT403 forbidden', 'the same for an id that is not the learner''s');
SET btwin.user_id = 'new';
SELECT is(btwin._caller(NULL), 'new', 'a learner who is not among the users yet may read');
SELECT is(pg_temp.refusal('SELECT btwin._caller(NULL, writes => true)'), 'PT403 forbidden', 'but not write');
SET btwin.user_id = 'off';
SELECT is(pg_temp.refusal('SELECT btwin._caller(NULL)'), 'PT403 analysis_disabled', 'a learner who is not analysed');
SELECT is(pg_temp.refusal('SELECT btwin._caller(NULL, writes => true)'), 'PT403 analysis_disabled', 'nor in a call that writes');
RESET btwin.user_id;
RESET ROLE;
UPDATE btwin.access SET service_role = 'regress_access_service';
SET ROLE regress_access_service;
SELECT ok(btwin._is_service(), 'the role named for services');
SELECT is(btwin._caller('bob'), 'bob', 'names the learner');
RESET ROLE;
GRANT SELECT ON btwin.access TO regress_access_member;
SET ROLE regress_access_member;
SELECT ok(btwin._is_service(), 'and one that has its rights');
RESET ROLE;
SET ROLE regress_access_noinherit;
SELECT ok(NOT btwin._is_service(), 'but not one that would have to take them first');
RESET ROLE;

-- moments
SELECT is(btwin._moment(NULL), now(), 'no moment is now');
SELECT is(btwin._moment('2020-02-29 12:00+00'), timestamptz '2020-02-29 12:00+00', 'a moment is itself');
SELECT is(btwin._moment(now() + interval '5 minutes'), now(), 'clocks may go ahead by five minutes');
SELECT is(pg_temp.refusal($$SELECT btwin._moment(now() + interval '5 minutes 1 microsecond')$$), 'PT400 out_of_range as_of', 'not by more');
SELECT is(pg_temp.refusal($$SELECT btwin._moment('infinity')$$), 'PT400 out_of_range as_of', 'infinite');
SELECT is(pg_temp.refusal($$SELECT btwin._moment('-infinity')$$), 'PT400 out_of_range as_of', 'or minus infinite');
SELECT is((SELECT string_agg(pg_temp.refusal(format('SELECT btwin._moment(%L)', m)), ', ' ORDER BY n) FROM unnest(ARRAY['0001-01-01 00:00+00', '0001-12-31 23:59:59.999999+00 BC', '9999-12-31 00:00+00', '4714-11-24 00:00+00 BC']) WITH ORDINALITY AS x (m, n)),
          'accepted, PT400 out_of_range as_of, PT400 out_of_range as_of, PT400 out_of_range as_of', 'years from 1 on');
SELECT is((SELECT string_agg(pg_temp.refusal(format('SELECT btwin._check_time(''x'', %L)', m)), ', ' ORDER BY n) FROM unnest(ARRAY['0001-01-01 00:00+00', '0001-12-31 23:59:59.999999+00 BC', '9999-12-31 00:00+00', '9999-12-31 00:00:00.000001+00', NULL]) WITH ORDINALITY AS x (m, n)),
          'accepted, PT400 out_of_range x, accepted, PT400 out_of_range x, accepted', 'to 9999');

-- arguments
SELECT is(pg_temp.refusal($$SELECT btwin._need('x', false)$$), 'PT400 missing_argument x', 'missing');
SELECT ok(btwin._need('x', true), 'given');
SELECT is((SELECT array_agg(v || ' ' || pg_temp.refusal(format($q$SELECT btwin._check_between('x', %L, 1, 3)$q$, v))) FROM unnest('{1,3,2}'::float8[]) v), '{1 accepted,3 accepted,2 accepted}', 'both ends are in the range');
SELECT is((SELECT array_agg(DISTINCT pg_temp.refusal(format($q$SELECT btwin._check_between('x', %L, 1, 3)$q$, v))) FROM unnest('{0.999,3.001,NaN,Infinity,-Infinity}'::float8[]) v), '{PT400 out_of_range x}', 'nothing beyond, NaN neither');
SELECT is(pg_temp.refusal($$SELECT btwin._check_between('x', NULL, 1, 3)$$), 'accepted', 'what is not given is in range');
SELECT is(pg_temp.refusal($$SELECT btwin._check_one_of('x', 'A', '{A,B}')$$), 'accepted', 'allowed');
SELECT is(pg_temp.refusal($$SELECT btwin._check_one_of('x', 'a', '{A,B}')$$), 'PT400 not_allowed_value x', 'not allowed');
SELECT throws_like($$SELECT btwin._check_one_of('x', 'secret words', '{A,B}')$$, '%has a value that is not allowed', 'and not repeated');
SELECT is(pg_temp.refusal($$SELECT btwin._check_one_of('x', NULL, '{A,B}')$$), 'accepted', 'nothing given, nothing refused');
SELECT is(pg_temp.refusal($$SELECT btwin._check_enum('x', 'PENDING', 'InterventionStatus')$$), 'accepted', 'of the data model');
SELECT is(pg_temp.refusal($$SELECT btwin._check_enum('x', 'ALL', 'InterventionStatus')$$), 'PT400 not_allowed_value x', 'not of it');
SELECT is(pg_temp.refusal($$SELECT btwin._check_enum('x', 'ALL', 'InterventionStatus', '{ALL}')$$), 'accepted', 'one more');
SELECT is((SELECT array_agg(coalesce(m, '-') || ' ' || pg_temp.refusal(format('SELECT btwin._check_method(%L)', m))) FROM unnest('{btwin,epic5,NULL,BTWIN}'::text[]) m),
          '{btwin accepted,epic5 accepted,"- PT400 missing_argument method_is","BTWIN PT400 not_allowed_value method_is"}', 'methods');
SELECT is((SELECT array_agg(coalesce(n, -1) || ' ' || pg_temp.refusal(format('SELECT btwin._check_max_rows(%L, 10)', n))) FROM unnest('{0,1,10,11,NULL}'::int[]) n),
          '{"0 PT400 out_of_range max_rows","1 accepted","10 accepted","11 PT400 out_of_range max_rows","-1 PT400 missing_argument max_rows"}', 'numbers of rows');
SELECT is(pg_temp.refusal($$SELECT btwin._check_span('2026-01-01', '2026-01-01')$$), 'PT400 out_of_range start_at', 'an empty range');
SELECT is(pg_temp.refusal($$SELECT btwin._check_span('2026-01-01', '2026-01-01 00:00:00.000001')$$), 'accepted', 'the shortest range');

-- where claims are found: one to ten settings
SELECT is((SELECT array_agg(n || ' ' || pg_temp.refusal(format('UPDATE btwin.access SET claim_sources = array_fill(%L::text, ARRAY[%s])', 'btwin.user_id', n)) ORDER BY n) FROM unnest('{1,10,11}'::int[]) n), '{"1 accepted","10 accepted","11 23514"}', 'up to ten');
SELECT is(pg_temp.refusal('UPDATE btwin.access SET claim_sources = ''{}'''), '23514', 'not none');

-- scores
SELECT is(btwin._score(1, 0, 2, 0.5, 7, 'btwin', 'x-1', '2026-01-01 00:00+00', '{a,b}', 'no_rows') - 'computed_for',
          '{"value": 1, "low": 0, "high": 2, "confidence": 0.5, "evidence_count": 7, "method": "btwin", "version": "x-1", "reasons": ["a", "b"], "reason": null}', 'a score; with a value there is no reason for lacking one');
SELECT is(btwin._score(NULL, NULL, NULL, 0, 0, 'btwin', 'x-1', '2026-01-01 00:00+00', NULL, 'no_rows') - 'computed_for',
          '{"value": null, "low": null, "high": null, "confidence": 0, "evidence_count": 0, "method": "btwin", "version": "x-1", "reasons": [], "reason": "no_rows"}', 'none');

SELECT * FROM finish();
CREATE TEMP TABLE gone AS SELECT * FROM btwin.detach(drop_derived => true, drop_data => true);
DROP OWNED BY regress_access_learner, regress_access_service, regress_access_member, regress_access_noinherit;
DROP ROLE regress_access_learner, regress_access_service, regress_access_member, regress_access_noinherit;
