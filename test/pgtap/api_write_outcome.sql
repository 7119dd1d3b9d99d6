-- btwin_api.record_outcome, btwin_api.assign_experiment and btwin.create_experiment
\set QUIET on
SET client_min_messages = error;
SET DateStyle = 'ISO, YMD';
SET TimeZone = 'UTC';
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS btwin;
SELECT plan(70);
\ir api_helpers.psql
CREATE FUNCTION pg_temp.refusals(function_name text, VARIADIC arguments text[]) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(pg_temp.refusal(format('SELECT %s(%s)', function_name, a)), ', ' ORDER BY n) FROM unnest(arguments) WITH ORDINALITY AS u (a, n)
$$;
CREATE FUNCTION pg_temp.outcome(more text DEFAULT '') RETURNS text LANGUAGE sql AS $$SELECT pg_temp.refusal(format($f$SELECT btwin_api.record_outcome(outcome_type => 'SESSION_COMPLETED', context => 'SESSION', completion_rate => 0.5%s)$f$, ', ' || nullif(more, '')))$$;
CREATE TEMP TABLE attached AS SELECT * FROM btwin.attach('public');
CREATE TEMP TABLE detached AS SELECT * FROM btwin.detach();
SELECT is(pg_temp.outcome('') || ', ' || pg_temp.refusals('btwin_api.assign_experiment', $$experiment_id => 'e'$$) || ', ' || pg_temp.refusals('btwin.create_experiment', $$experiment_name => 'e', context => 'SESSION'$$), 'PT400 not_attached, PT400 not_attached, PT400 not_attached', 'nothing is attached');
CREATE TEMP TABLE attached_again AS SELECT * FROM btwin.attach('public');
INSERT INTO users (id) VALUES ('ann'), ('bob'), ('cal');
INSERT INTO users (id, behavioral_analysis_enabled) VALUES ('off', false);
CREATE ROLE regress_outcome_web;
CREATE ROLE regress_outcome_service;
CREATE TEMP TABLE secured AS SELECT * FROM btwin.secure('regress_outcome_web', 'regress_outcome_service');
SET app.current_user_id = 'ann';
INSERT INTO personalization_preferences (id, user_id) VALUES ('p-ann', 'ann'), ('p-bob', 'bob');
INSERT INTO personalization_configs (id, user_id, preferences_id, context, strategy_variant, is_active, activated_at, deactivated_at) VALUES
    ('c-session', 'ann', 'p-ann', 'SESSION', 'conservative', true, '2026-03-02', NULL),
    ('c-older', 'ann', 'p-ann', 'SESSION', 'pattern_heavy', true, '2026-03-01', NULL),
    ('c-inactive', 'ann', 'p-ann', 'SESSION', 'pattern_heavy', false, '2026-03-03', NULL),
    ('c-ended', 'ann', 'p-ann', 'SESSION', 'pattern_heavy', true, '2026-03-03', '2026-03-04'),
    ('c-content', 'ann', 'p-ann', 'CONTENT', 'pattern_heavy', true, '2026-03-03', NULL),
    ('c-bob', 'bob', 'p-bob', 'SESSION', 'pattern_heavy', true, '2026-03-03', NULL);
INSERT INTO btwin.decision (user_id, id, context, policy, policy_version, arms, arm, propensity, propensities, reward_due_at) VALUES
    ('ann', 'd-session', 'SESSION', 'uniform', 'bandit-1', '{a,b}', 'b', 0.5, '{0.5,0.5}', now()), ('ann', 'd-mission', 'MISSION', 'uniform', 'bandit-1', '{a,b}', 'a', 0.5, '{0.5,0.5}', now()),
    ('bob', 'd-bob', 'SESSION', 'uniform', 'bandit-1', '{a,b}', 'b', 0.5, '{0.5,0.5}', now());

-- outcomes: arguments

SELECT is(pg_temp.refusals('btwin_api.record_outcome', '', $$outcome_type => 'X'$$, $$outcome_type => 'SESSION_COMPLETED'$$, $$outcome_type => 'SESSION_COMPLETED', context => 'X'$$, $$outcome_type => 'SESSION_COMPLETED', context => 'SESSION'$$, $$outcome_type => 'SESSION_COMPLETED', context => 'SESSION', session_minutes => 5$$),
          'PT400 missing_argument outcome_type, PT400 not_allowed_value outcome_type, PT400 missing_argument context, PT400 not_allowed_value context, PT400 missing_argument performance_score, PT400 missing_argument performance_score', 'what, where, and one score');
SELECT is((SELECT string_agg(a || ' ' || (SELECT string_agg(pg_temp.refusal(format($f$SELECT btwin_api.record_outcome(outcome_type => 'SESSION_COMPLETED', context => 'SESSION', %s => %L)$f$, a, v)), ', ' ORDER BY n) FROM unnest('{-0.001,1.001,NaN,0,1}'::text[]) WITH ORDINALITY t (v, n)), '; ' ORDER BY a)
           FROM unnest('{completion_rate,engagement_score,performance_score,retention_score}'::text[]) a),
          (SELECT string_agg(format('%1$s PT400 out_of_range %1$s, PT400 out_of_range %1$s, PT400 out_of_range %1$s, accepted, accepted', a), '; ' ORDER BY a) FROM unnest('{completion_rate,engagement_score,performance_score,retention_score}'::text[]) a), 'scores');
SELECT is((SELECT string_agg(pg_temp.outcome(a), ', ' ORDER BY n) FROM unnest(ARRAY['session_minutes => -1', 'session_minutes => 1441', 'session_minutes => 1440', 'session_minutes => 0', $$occurred_at => 'infinity'$$, $$occurred_at => now() + interval '301 seconds'$$, $$occurred_at => now() + interval '300 seconds'$$, $$idempotency_key => ''$$, $$idempotency_key => repeat('k', 201)$$, $$user_id => 'nobody'$$]) WITH ORDINALITY t (a, n)),
          'PT400 out_of_range session_minutes, PT400 out_of_range session_minutes, accepted, accepted, PT400 out_of_range occurred_at, PT400 out_of_range occurred_at, accepted, PT400 out_of_range idempotency_key, PT400 out_of_range idempotency_key, PT404 unknown_learner user_id', 'the rest');
SELECT is((SELECT string_agg(pg_temp.outcome(a), ', ' ORDER BY n) FROM unnest(ARRAY[$$config_id => 'nothing'$$, $$config_id => 'c-bob'$$, $$decision_id => 'nothing'$$, $$decision_id => 'd-bob'$$, $$config_id => 'c-content'$$, $$decision_id => 'd-mission'$$, $$config_id => 'c-inactive'$$]) WITH ORDINALITY t (a, n)),
          'PT404 unknown_id, PT404 unknown_id, PT404 unknown_id, PT404 unknown_id, PT400 not_allowed_value config_id, PT400 not_allowed_value decision_id, accepted', 'configurations and decisions of the learner and the context');
TRUNCATE personalization_outcomes;

-- what is stored

BEGIN;
CREATE TEMP TABLE o AS SELECT btwin_api.record_outcome('ann', 'SESSION_COMPLETED', 'SESSION', 0.1, 0.2, 0.3, 0.4, 45, 'flashcards', 'hard') AS d;
SELECT is(d - '{id,captured}'::text[], jsonb_build_object('config_id', 'c-session', 'strategy_variant', 'conservative', 'personalization_applied', true, 'timestamp', now(), 'decision_id', NULL, 'changed', true, 'reason', NULL), 'an outcome under the active configuration, the newest') FROM o;
SELECT is((SELECT array_agg(k ORDER BY k) FROM o, jsonb_object_keys(d) k), '{captured,changed,config_id,decision_id,id,personalization_applied,reason,strategy_variant,timestamp}', 'keys');
SELECT is(to_jsonb(s) - 'timestamp', jsonb_build_object('id', o.d ->> 'id', 'user_id', 'ann', 'config_id', 'c-session', 'outcome_type', 'SESSION_COMPLETED', 'context', 'SESSION', 'retention_score', 0.1, 'performance_score', 0.2, 'completion_rate', 0.3,
          'engagement_score', 0.4, 'session_duration', 45, 'content_type', 'flashcards', 'difficulty_level', 'hard', 'personalization_applied', true, 'strategy_variant', 'conservative'), 'every argument is stored') FROM o, personalization_outcomes s;
SELECT is(s.timestamp, now(), 'as of now') FROM personalization_outcomes s;
SELECT is(d - '{id,captured}'::text[], jsonb_build_object('config_id', 'c-session', 'strategy_variant', 'b', 'personalization_applied', true, 'timestamp', timestamptz '2026-03-02 12:00+00', 'decision_id', 'd-session', 'changed', true, 'reason', NULL), 'the arm of a decision is the variant')
FROM btwin_api.record_outcome(outcome_type => 'SESSION_COMPLETED', context => 'SESSION', retention_score => 0, decision_id => 'd-session', occurred_at => '2026-03-02 12:00+00') d;
SELECT is((SELECT concat_ws(' ', s.strategy_variant, s.config_id, s.timestamp AT TIME ZONE 'UTC') FROM personalization_outcomes s WHERE s.retention_score = 0), 'b c-session 2026-03-02 12:00:00', 'and stored');
SELECT is(concat_ws(' ', d -> 'config_id', d -> 'strategy_variant', d -> 'personalization_applied'), '"c-older" "pattern_heavy" true', 'a named configuration') FROM btwin_api.record_outcome(outcome_type => 'SESSION_COMPLETED', context => 'SESSION', engagement_score => 1, config_id => 'c-older') d;
SELECT is(concat_ws(' ', d -> 'config_id', d -> 'strategy_variant', d -> 'personalization_applied'), 'null null false', 'nothing is personalized') FROM btwin_api.record_outcome(outcome_type => 'ASSESSMENT_COMPLETED', context => 'ASSESSMENT', performance_score => 1) d;
SELECT is((SELECT concat_ws(' ', s.personalization_applied, s.strategy_variant IS NULL, s.config_id IS NULL, s.outcome_type) FROM personalization_outcomes s WHERE s.context = 'ASSESSMENT'), 'f t t ASSESSMENT_COMPLETED', 'and stored so');
SELECT is(concat_ws(' ', d -> 'config_id', d -> 'strategy_variant', d -> 'personalization_applied'), 'null "a" true', 'a strategy without a configuration') FROM btwin_api.record_outcome(outcome_type => 'MISSION_COMPLETED', context => 'MISSION', performance_score => 1, decision_id => 'd-mission') d;
SELECT is((btwin_api.record_outcome(outcome_type => 'SESSION_COMPLETED', context => 'SESSION', engagement_score => 0, occurred_at => now() + interval '5 minutes') ->> 'timestamp')::timestamptz, now(), 'a clock that is ahead');
SELECT is((SELECT count(*) FROM btwin.decision d WHERE d.reward IS NOT NULL), 0::bigint, 'no reward is booked');
ROLLBACK;

-- what follows

BEGIN;
DELETE FROM btwin.analysis_step;
CREATE FUNCTION pg_temp.step_a(learner text, moment timestamptz) RETURNS jsonb LANGUAGE sql AS $$SELECT jsonb_build_object('a', learner, 'now', moment = now())$$;
CREATE FUNCTION pg_temp.step_b(learner text, moment timestamptz) RETURNS jsonb LANGUAGE plpgsql AS $$BEGIN UPDATE btwin.missions SET status = 'SKIPPED' WHERE user_id = learner; RAISE EXCEPTION USING ERRCODE = current_setting('test.failure'), MESSAGE = 'as planted'; END$$;
INSERT INTO btwin.analysis_step VALUES (10, 'first', 'pg_temp.step_a', 'x'), (11, 'other', 'pg_temp.nothing', 'x'), (69, 'another', 'pg_temp.nothing', 'x'), (70, 'last', 'pg_temp.step_a', 'x');
SELECT is((SELECT string_agg(pg_temp.refusal('SELECT 1') || (btwin_api.record_outcome(outcome_type => t, context => 'SESSION', completion_rate => 1) ->> 'captured'), '; ' ORDER BY t) FROM unnest('{MISSION_COMPLETED,SESSION_COMPLETED,ASSESSMENT_COMPLETED}'::text[]) t),
          (SELECT string_agg('accepted{"last": {"a": "ann", "now": true}, "first": {"a": "ann", "now": true}}', '; ') FROM generate_series(1, 3)), 'outcomes of predictions and goals are brought up to date');
SELECT is(btwin_api.record_outcome(outcome_type => 'CONTENT_ENGAGED', context => 'CONTENT', completion_rate => 1) -> 'captured', 'null', 'not in the middle of a session');
UPDATE btwin.analysis_step SET function = 'pg_temp.step_b' WHERE position = 10;
INSERT INTO missions (id, user_id, status, estimated_minutes, objectives) VALUES ('m', 'ann', 'PENDING', 30, '[]');
SET LOCAL test.failure = '22012';
SELECT is(btwin_api.record_outcome(outcome_type => 'SESSION_COMPLETED', context => 'SESSION', completion_rate => 0.125) -> 'captured', '{"last": {"a": "ann", "now": true}, "first": null}', 'a step that fails is left to the night');
SELECT is((SELECT m.status || ' ' || (SELECT count(*) FROM personalization_outcomes s WHERE s.completion_rate = 0.125) FROM missions m), 'PENDING 1', 'what it did is undone, the outcome is stored');
CREATE FUNCTION pg_temp.with_failure(code text) RETURNS text LANGUAGE sql AS $$SELECT set_config('test.failure', code, true) || ' ' || pg_temp.outcome('')$$;
SELECT is((SELECT string_agg(pg_temp.with_failure(c), ', ' ORDER BY c) FROM unnest('{08006,23505,25006,40001,40P01,53100,57P03,58030,XX000}'::text[]) c), '08006 08006, 23505 accepted, 25006 25006, 40001 40001, 40P01 40P01, 53100 53100, 57P03 57P03, 58030 58030, XX000 accepted', 'unless the transaction itself is at stake');
ROLLBACK;

-- repeated, and switched off

CREATE TEMP TABLE k AS SELECT btwin_api.record_outcome('bob', 'SESSION_COMPLETED', 'SESSION', 0.5, occurred_at => '2026-03-02 12:00+00', idempotency_key => 'k') AS d;
SET TimeZone = 'Asia/Tokyo';
SELECT is(btwin_api.record_outcome('bob', 'SESSION_COMPLETED', 'SESSION', 0.5, occurred_at => '2026-03-02 21:00+09', idempotency_key => 'k')::text, k.d::text, 'the first answer, byte for byte, from any time zone') FROM k;
SET TimeZone = 'UTC';
SELECT is((SELECT count(*) FROM personalization_outcomes WHERE user_id = 'bob'), 1::bigint, 'one outcome');
SELECT is((SELECT string_agg(DISTINCT pg_temp.refusal(format($$SELECT btwin_api.record_outcome(user_id => 'bob', idempotency_key => 'k', %s)$$, (SELECT string_agg(format('%I => %L', e.k, e.v), ', ') FROM jsonb_each_text('{"outcome_type": "SESSION_COMPLETED", "context": "SESSION", "retention_score": 0.5, "occurred_at": "2026-03-02 12:00+00"}'::jsonb || a) e (k, v)))), ', ')
           FROM unnest(ARRAY['{"outcome_type": "MISSION_COMPLETED"}', '{"context": "MISSION"}', '{"retention_score": 0.25}', '{"performance_score": 0.5}', '{"completion_rate": 0.5}', '{"engagement_score": 0.5}', '{"session_minutes": 5}', '{"content_type": "x"}', '{"difficulty_level": "x"}', '{"config_id": "c-bob"}', '{"decision_id": "d-bob"}', '{"occurred_at": "2026-03-02 12:00:00.000001+00"}']::jsonb[]) a),
          'PT409 key_reused idempotency_key', 'whichever argument differs');
SELECT is(btwin_api.record_outcome('off', 'SESSION_COMPLETED', 'SESSION', 0.5, config_id => 'nothing', idempotency_key => 'k'), '{"id": null, "config_id": null, "strategy_variant": null, "personalization_applied": false, "timestamp": null, "decision_id": null, "captured": null, "changed": false, "reason": "analysis_disabled"}'::jsonb, 'analysis is switched off');
SELECT is((SELECT count(*) FROM personalization_outcomes WHERE user_id = 'off') + (SELECT count(*) FROM btwin.api_call WHERE user_id = 'off'), 0::bigint, 'nothing is stored, the key neither');

-- experiments are made

CREATE FUNCTION pg_temp.create_(more text DEFAULT '') RETURNS text LANGUAGE sql AS $$SELECT pg_temp.refusal(format($f$SELECT btwin.create_experiment(user_id => 'cal', experiment_name => 'e', context => 'SESSION'%s)$f$, ', ' || nullif(more, '')))$$;
RESET app.current_user_id;
SELECT is(pg_temp.refusals('btwin.create_experiment', '', $$experiment_name => ''$$, $$experiment_name => repeat('x', 201)$$, $$experiment_name => repeat('x', 200)$$, $$experiment_name => 'e', context => 'X'$$, $$experiment_name => 'e', context => 'SESSION'$$, $$experiment_name => 'e', context => 'SESSION', user_id => 'nobody'$$),
          'PT400 missing_argument experiment_name, PT400 out_of_range experiment_name, PT400 out_of_range experiment_name, PT400 missing_argument context, PT400 not_allowed_value context, PT400 user_required user_id, PT404 unknown_learner user_id', 'name, context, learner');
SELECT is((SELECT string_agg(pg_temp.create_('variants => ' || quote_literal(v)), ', ' ORDER BY n) FROM unnest(ARRAY['{}', '[]', '[{"variant_id": "A"}]', '[{"variant_id": "A"}, 1]', '[{"variant_id": "A"}, {}]', '[{"variant_id": "A"}, {"variant_id": ""}]', '[{"variant_id": "A"}, {"variant_id": 1}]',
           '[{"variant_id": "A"}, {"variant_id": "A"}]', '[{"variant_id": "A"}, {"variant_id": "B", "name": ""}]', '[{"variant_id": "A"}, {"variant_id": "B", "name": 1}]', '[{"variant_id": "A"}, {"variant_id": "B", "config": []}]', '[{"variant_id": "A"}, {"variant_id": "B", "weight": 0}]',
           '[{"variant_id": "A"}, {"variant_id": "B", "weight": -1}]', '[{"variant_id": "A"}, {"variant_id": "B", "weight": 1001}]', '[{"variant_id": "A"}, {"variant_id": "B", "weight": "1"}]', '[{"variant_id": "A"}, {"variant_id": "B", "variantId": "B"}]',
           jsonb_build_array('{"variant_id": "A"}'::jsonb, jsonb_build_object('variant_id', repeat('x', 51)))::text, jsonb_build_array('{"variant_id": "A"}'::jsonb, jsonb_build_object('variant_id', 'B', 'name', repeat('x', 201)))::text,
           (SELECT jsonb_agg(jsonb_build_object('variant_id', g::text)) FROM generate_series(1, 11) g)::text]) WITH ORDINALITY t (v, n)), (SELECT string_agg('PT400 bad_document variants', ', ') FROM generate_series(1, 19)), 'variants, to the last key');
SELECT is((SELECT string_agg(pg_temp.create_('variants => ' || quote_literal(v)), ', ') FROM unnest(ARRAY['[{"variant_id": "A"}, {"variant_id": "B", "weight": 1000}]', jsonb_build_array('{"variant_id": "A"}'::jsonb, jsonb_build_object('variant_id', repeat('x', 50), 'name', repeat('x', 200)))::text,
           (SELECT jsonb_agg(jsonb_build_object('variant_id', g::text, 'weight', 0.001)) FROM generate_series(1, 10) g)::text]) t (v)), 'accepted, accepted, accepted', 'as large as may be');
SELECT is(pg_temp.create_($$variants => '[{"variant_id": "A", "name": "a"}, {"variant_id": "B", "name": "b"}]'$$), 'accepted', 'names of one character');
CREATE FUNCTION pg_temp.why(variants jsonb) RETURNS text LANGUAGE plpgsql AS $$BEGIN PERFORM btwin.create_experiment('cal', 'e', 'SESSION', variants); RETURN NULL; EXCEPTION WHEN OTHERS THEN RETURN SQLERRM; END$$;
SELECT is((SELECT string_agg(pg_temp.why(v), '; ') FROM unnest(ARRAY['[{"variant_id": "A"}, 1]', '[{"variant_id": "A"}, {"variant_id": "A", "x": 1}]']::jsonb[]) v), 'element 2 of argument "variants" is no object; element 2 of argument "variants" has an unknown key "x"', 'and what is wrong');
SELECT is((SELECT string_agg(replace(pg_temp.why('[{"variant_id": "1"}]' || v), 'element 2 of argument "variants" ', ''), '; ' ORDER BY n)
           FROM unnest(ARRAY['[["name"]]', '["weight"]', '[{"y": 1, "x": 1, "name": 1}, 1]', '[{"variant_id": 1, "name": 1}]', '[{"variant_id": "1", "name": 1}]', '[{"variant_id": "B", "name": 1, "config": 1}]', '[{"variant_id": "B", "config": 1, "weight": 0}]', '[{"variant_id": "B", "weight": 0}]']::jsonb[]) WITH ORDINALITY t (v, n)),
          'is no object; is no object; has an unknown key "x"; needs a "variant_id", a text of 1 to 50 characters; has the "variant_id" of another; "name" is no text of 1 to 200 characters; "config" is no object; "weight" is no number above 0, up to 1000', 'of several things one');
SELECT is((SELECT string_agg(pg_temp.create_(a), ', ' ORDER BY n) FROM unnest(ARRAY[$$start_at => 'infinity'$$, $$end_at => 'infinity'$$, $$start_at => '2026-03-01 00:00+00', end_at => '2026-03-14 23:59:59.999999+00'$$, $$start_at => '2026-03-01 00:00+00', end_at => '2026-03-15 00:00+00'$$,
           $$end_at => now() + interval '13 days 23 hours'$$, $$end_at => now() + interval '15 days'$$, 'max_participants => 39', 'max_participants => 40', $$max_participants => 59, variants => '[{"variant_id": "A"}, {"variant_id": "B"}, {"variant_id": "C"}]'$$, $$idempotency_key => ''$$]) WITH ORDINALITY t (a, n)),
          'PT400 out_of_range start_at, PT400 out_of_range end_at, PT400 out_of_range end_at, accepted, PT400 out_of_range end_at, accepted, PT400 out_of_range max_participants, accepted, PT400 out_of_range max_participants, PT400 out_of_range idempotency_key', 'times and participants');
TRUNCATE personalization_experiments CASCADE;
DELETE FROM personalization_preferences WHERE user_id = 'cal';
BEGIN;
CREATE TEMP TABLE e AS SELECT btwin.create_experiment('cal', 'plain', 'CONTENT') AS d;
SELECT is(d - 'id', jsonb_build_object('experiment_name', 'plain', 'context', 'CONTENT', 'status', 'ACTIVE', 'start_date', now(), 'end_date', now() + interval '336 hours', 'max_participants', NULL, 'created_at', now(),
          'variants', '[{"variant_id": "A", "name": "A", "config": {}, "probability": 0.5}, {"variant_id": "B", "name": "B", "config": {}, "probability": 0.5}]'::jsonb), 'the defaults: A and B alike for 14 days') FROM e;
SELECT is((SELECT concat_ws(' ', x.user_id, p.user_id, x.experiment_type, x.min_participants, x.min_duration, x.current_participants, x.variants -> 'variants' -> 0, x.variants ->> 'drawKey' ~ '^[0-9a-f-]{36}$') FROM personalization_experiments x JOIN personalization_preferences p ON p.id = x.preferences_id),
          'cal cal AB_TEST 20 14 0 {"name": "A", "config": {}, "weight": 0.5, "variantId": "A"} t', 'stored as the reference''s own are, with a key of its own and preferences');
COMMIT;
CREATE TEMP TABLE e2 AS SELECT btwin.create_experiment('cal', 'weighted', 'SESSION', '[{"variant_id": "a", "name": "as before", "weight": 1}, {"variant_id": "b", "config": {"minutes": 20}, "weight": 3}]', now() - interval '1 day', now() + interval '20 days', 40, 'k') AS d;
SELECT is(d -> 'variants', '[{"variant_id": "a", "name": "as before", "config": {}, "probability": 0.25}, {"variant_id": "b", "name": "b", "config": {"minutes": 20}, "probability": 0.75}]', 'weights are shares') FROM e2;
SELECT is((SELECT count(*) FROM personalization_preferences WHERE user_id = 'cal'), 1::bigint, 'preferences are made once');
SELECT is(pg_temp.create_($$idempotency_key => 'k'$$), 'PT409 key_reused idempotency_key', 'with a key');
SELECT is((SELECT jsonb_build_object('n', count(DISTINCT btwin.create_experiment('cal', 'again', 'SESSION', idempotency_key => 'k2') ->> 'id')) FROM generate_series(1, 2)), '{"n": 1}', 'once');
SELECT is((SELECT string_agg(DISTINCT pg_temp.refusal(format($$SELECT btwin.create_experiment('cal', idempotency_key => 'k2', %s)$$, (SELECT string_agg(format('%I => %L', x.k, x.v), ', ') FROM jsonb_each_text('{"experiment_name": "again", "context": "SESSION"}'::jsonb || a) x (k, v)))), ', ')
           FROM unnest(ARRAY['{"experiment_name": "x"}', '{"context": "MISSION"}', '{"variants": [{"variant_id": "A"}, {"variant_id": "B"}]}', '{"start_at": "2026-03-02"}', '{"end_at": "2027-03-02"}', '{"max_participants": 40}']::jsonb[]) a), 'PT409 key_reused idempotency_key', 'whichever argument differs');
SELECT is(pg_temp.refusals('btwin_api.experiment_result', format('%L', (SELECT d ->> 'id' FROM e2))), 'accepted', 'the result can be asked for');

-- and learners taken in

SELECT is(pg_temp.refusals('btwin_api.assign_experiment', '', $$'ann'$$, $$'ann', 'nothing'$$, $$'nobody', 'nothing'$$, $$'off', 'nothing'$$), 'PT400 missing_argument experiment_id, PT400 missing_argument experiment_id, PT404 unknown_id, PT404 unknown_learner user_id, PT403 analysis_disabled', 'refusals');
BEGIN;
CREATE TEMP TABLE s AS SELECT btwin_api.assign_experiment('ann', e2.d ->> 'id') AS d FROM e2;
SELECT is((SELECT array_agg(k ORDER BY k) FROM s, jsonb_object_keys(d) k), '{assigned_at,config,experiment_id,id,is_new,probability,variant_id,variant_name}', 'keys');
-- first 48 bits of the hash against 0.25
SELECT is(s.d - 'id', jsonb_build_object('experiment_id', e2.d ->> 'id', 'assigned_at', now(), 'is_new', true)
              || CASE WHEN ('x' || left(encode(sha256(convert_to(format('["%s", "%s", "ann"]', x.variants ->> 'drawKey', x.id), 'UTF8')), 'hex'), 12))::bit(48)::bigint < 2 ^ 48 * 0.25
                      THEN '{"variant_id": "a", "variant_name": "as before", "config": {}, "probability": 0.25}'::jsonb ELSE '{"variant_id": "b", "variant_name": "b", "config": {"minutes": 20}, "probability": 0.75}' END, 'drawn by hash and weight')
FROM s, e2, personalization_experiments x WHERE x.id = e2.d ->> 'id';
SELECT is((SELECT concat_ws(' ', a.id = s.d ->> 'id', a.user_id, a.experiment_id = s.d ->> 'experiment_id', a.variant_id = s.d ->> 'variant_id', a.assigned_at = now(), x.current_participants) FROM s, experiment_assignments a JOIN personalization_experiments x ON x.id = a.experiment_id), 't ann t t t 1', 'stored and counted');
SELECT is(btwin_api.assign_experiment('ann', s.d ->> 'experiment_id'), s.d || '{"is_new": false}', 'once') FROM s;
SELECT is((SELECT x.current_participants || ' ' || (SELECT count(*) FROM experiment_assignments) FROM personalization_experiments x, s WHERE x.id = s.d ->> 'experiment_id'), '1 1', 'and counted once');
UPDATE personalization_experiments SET status = 'COMPLETED', variants = '[]', current_participants = 40;
SELECT is(btwin_api.assign_experiment('ann', s.d ->> 'experiment_id') - '{id,assigned_at,experiment_id}'::text[], jsonb_build_object('is_new', false, 'variant_id', s.d -> 'variant_id', 'variant_name', NULL, 'config', NULL, 'probability', NULL), 'it stays, whatever becomes of the experiment') FROM s;
ROLLBACK;
-- who may come in when
BEGIN;
CREATE FUNCTION pg_temp.try(change text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE said text;
BEGIN
    EXECUTE 'UPDATE personalization_experiments SET ' || change;
    said := pg_temp.refusal(format('SELECT btwin_api.assign_experiment(''ann'', %L)', (SELECT d ->> 'id' FROM e2)));
    RAISE EXCEPTION USING ERRCODE = 'UNDO0', MESSAGE = said;
EXCEPTION WHEN SQLSTATE 'UNDO0' THEN
    RETURN SQLERRM;
END $$;
SELECT is((SELECT string_agg(pg_temp.try(c), ', ' ORDER BY n) FROM unnest(ARRAY[$$status = 'DRAFT'$$, $$status = 'COMPLETED'$$, $$status = 'CANCELLED'$$, $$start_date = now() + interval '1 microsecond'$$, 'start_date = now()', 'end_date = now()', $$end_date = now() + interval '1 microsecond'$$]) WITH ORDINALITY t (c, n)),
          'PT409 not_active experiment_id, PT409 not_active experiment_id, PT409 not_active experiment_id, PT409 not_active experiment_id, accepted, PT409 not_active experiment_id, accepted', 'only while it runs');
SELECT is((SELECT string_agg(pg_temp.try('variants = ' || quote_literal(c)), ', ' ORDER BY n) FROM unnest(ARRAY['[]', '{}', '1', '{"variants": [{"variantId": "A", "weight": 0}, {"variantId": ""}]}', '{"variants": [{"variantId": "A", "weight": 0}, {"variantId": "B"}]}', '"{\"variants\": [{\"variantId\": \"A\"}]}"']) WITH ORDINALITY t (c, n)),
          'PT409 not_active experiment_id, PT409 not_active experiment_id, PT409 not_active experiment_id, PT409 not_active experiment_id, accepted, accepted', 'and has something to give');
SELECT is((SELECT jsonb_agg(jsonb_build_array(v.place, v.variant_id, v.weight, v.share) ORDER BY v.place) FROM btwin._variants('[{"variantId": "A", "weight": -1}, {"name": "no id"}, {"variantId": "B"}, {"variantId": "C", "weight": "3"}]') v), '[[1, "A", 0, 0], [3, "B", 1, 0.5], [4, "C", 1, 0.5]]', 'weights of others: none below 0, 1 where there is no number');
SELECT is(concat_ws(', ', pg_temp.try('current_participants = 39'), pg_temp.try('current_participants = 40'), pg_temp.try($$current_participants = 40, variants = variants - 'maxParticipants'$$), pg_temp.try($$current_participants = 40, variants = to_jsonb(variants::text)$$)),
          'accepted, PT409 experiment_full experiment_id, accepted, PT409 experiment_full experiment_id', 'and room');
ROLLBACK;
-- a variant of weight 0 is drawn by nobody, the others by their weights: 400 learners, chi-square below 10.83 (p = 0.001) of one fixed key
BEGIN;
INSERT INTO users (id) SELECT 'u' || g FROM generate_series(1, 400) g;
UPDATE personalization_experiments SET id = 'fixed', variants = '{"variants": [{"variantId": "never", "weight": 0}, {"variantId": "a", "weight": 1}, {"variantId": "b", "weight": 3}], "drawKey": "k"}' WHERE id = (SELECT d ->> 'id' FROM e2);
CREATE TEMP TABLE spread AS SELECT btwin_api.assign_experiment('u' || g, 'fixed') ->> 'variant_id' AS v FROM generate_series(1, 400) g;
SELECT cmp_ok((SELECT sum((n - e) ^ 2 / e) FROM (SELECT count(*) AS n, CASE v WHEN 'a' THEN 100 WHEN 'b' THEN 300 END AS e FROM spread GROUP BY v) x)::numeric, '<', 10.83, 'shares are the weights');
SELECT is((SELECT count(*) FROM spread WHERE v = 'never'), 0::bigint, 'nothing of weight 0');
ROLLBACK;
-- where rounding leaves the sum of the shares below the draw the last of a weight takes it
BEGIN;
UPDATE personalization_experiments SET variants = '{"variants": [{"variantId": "none", "weight": 0}, {"variantId": "a", "weight": 1}, {"variantId": "b", "weight": 3}, {"variantId": "never", "weight": 0}]}' WHERE id = (SELECT d ->> 'id' FROM e2);
CREATE OR REPLACE FUNCTION btwin._experiment_draw(draw_key text, experiment_id text, learner text) RETURNS float8 LANGUAGE sql IMMUTABLE PARALLEL SAFE AS 'SELECT CASE learner WHEN ''ann'' THEN 1 ELSE 0 END::float8';
SELECT btwin_api.assign_experiment('ann', e2.d ->> 'id') ->> 'variant_id' AS highest, btwin_api.assign_experiment('cal', e2.d ->> 'id') ->> 'variant_id' AS lowest FROM e2 \gset
ROLLBACK;
SELECT is(:'lowest'::text || ' ' || :'highest', 'a b', 'the draws at both ends');
SELECT is(btwin._experiment_draw('k', 'e', 'l') * 2::float8 ^ 48, ('x' || left(encode(sha256('["k", "e", "l"]'), 'hex'), 12))::bit(48)::bigint::float8, 'the first 48 bits of the hash, exactly');
SELECT is(btwin._experiment_draw(NULL, 'e', 'l'), btwin._experiment_draw(NULL, 'e', 'l'), 'experiments of the application have no key');
SELECT isnt(btwin._experiment_draw('k', 'e', 'l'), btwin._experiment_draw(NULL, 'e', 'l'), 'a key makes a difference');
SELECT isnt(btwin._experiment_draw('k', 'e', 'l'), btwin._experiment_draw('k', 'el', ''), 'and the learner');
SELECT is((SELECT min(d) >= 0 AND max(d) < 1 AND min(d) < 0.01 AND max(d) > 0.99 FROM (SELECT btwin._experiment_draw('k', 'e', 'l' || g) AS d FROM generate_series(1, 2000) g) x), true, 'from 0 to below 1');

-- whose, and where

INSERT INTO personalization_experiments (id, user_id, preferences_id, experiment_name, context, variants, end_date) VALUES ('e-bob', 'bob', 'p-bob', 'of bob', 'SESSION', '[{"variantId": "A"}, {"variantId": "B"}]', now() + interval '20 days');
SET ROLE regress_outcome_web;
SET app.current_user_id = 'ann';
SELECT is(pg_temp.refusals('btwin_api.assign_experiment', $$experiment_id => 'e-bob'$$, $$experiment_id => 'nothing'$$, $$user_id => 'bob', experiment_id => 'e-bob'$$), 'PT403 forbidden, PT403 forbidden, PT403 forbidden', 'what a learner does not see is not there');
SELECT is(pg_temp.create_('') || ', ' || pg_temp.refusals('btwin.create_experiment', $$'ann', 'e', 'SESSION'$$), 'PT403 service_only, PT403 service_only', 'learners make no experiments');
SELECT is(pg_temp.refusal($$INSERT INTO btwin.personalization_experiments (id, user_id, preferences_id, experiment_name, context, variants, end_date) VALUES ('x', 'ann', 'p-ann', 'x', 'SESSION', '[]', now())$$), '42501', 'nor rows of them');
SELECT is((SELECT string_agg(pg_temp.outcome(a), ', ' ORDER BY n) FROM unnest(ARRAY[$$config_id => 'nothing'$$, $$config_id => 'c-bob'$$, $$decision_id => 'nothing'$$, $$decision_id => 'd-bob'$$, $$user_id => 'bob'$$, '']) WITH ORDINALITY t (a, n)),
          'PT403 forbidden, PT403 forbidden, PT403 forbidden, PT403 forbidden, PT403 forbidden, accepted', 'nor of configurations and decisions');
SET app.current_user_id = 'bob';
SELECT is(pg_temp.refusals('btwin_api.assign_experiment', $$experiment_id => 'e-bob'$$), 'accepted', 'what a learner sees is');
SELECT is((SELECT current_participants FROM btwin.personalization_experiments WHERE id = 'e-bob'), 1, 'and counts');
SET ROLE regress_outcome_service;
RESET app.current_user_id;
SELECT is(pg_temp.create_('') || ' ' || pg_temp.refusals('btwin_api.assign_experiment', $$'ann', 'e-bob'$$), 'accepted accepted', 'services make them and take anybody in');
SET default_transaction_read_only = on;
SELECT pg_temp.create_('') || ', ' || pg_temp.refusals('btwin_api.assign_experiment', $$'ann', 'e-bob'$$, $$'ann', 'nothing'$$) || ', ' || pg_temp.outcome($$user_id => 'ann'$$) || ', ' || pg_temp.outcome($$user_id => 'off'$$) AS read_only \gset
RESET default_transaction_read_only;
SET search_path = '';
SELECT pg_temp.create_('') || ', ' || pg_temp.refusals('btwin_api.assign_experiment', $$'ann', 'e-bob'$$) || ', ' || pg_temp.outcome($$user_id => 'ann'$$) AS empty_path \gset
RESET search_path;
RESET ROLE;
SELECT is(:'read_only'::text, '25006, 25006, 25006, 25006, 25006', 'where nothing can be written');
SELECT is(:'empty_path'::text, 'accepted, accepted, accepted', 'with an empty path');
SELECT * FROM finish();
DROP OWNED BY regress_outcome_web, regress_outcome_service;
DROP ROLE regress_outcome_web, regress_outcome_service;
