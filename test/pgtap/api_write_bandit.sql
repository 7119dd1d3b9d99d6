-- btwin_api.choose_strategy and btwin_api.record_reward
\set QUIET on
SET client_min_messages = warning;
SET DateStyle = 'ISO, YMD';
SET TimeZone = 'UTC';
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS btwin;
SELECT plan(85);
\ir api_helpers.psql
CREATE FUNCTION pg_temp.refusals(function_name text, VARIADIC arguments text[]) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(pg_temp.refusal(format('SELECT btwin_api.%s(%s)', function_name, a)), ', ' ORDER BY n) FROM unnest(arguments) WITH ORDINALITY AS u (a, n)
$$;
CREATE TEMP TABLE attached AS SELECT * FROM btwin.attach('public');
CREATE TEMP TABLE detached AS SELECT * FROM btwin.detach();
SELECT is(pg_temp.refusals('choose_strategy', '') || ', ' || pg_temp.refusals('record_reward', $$decision_id => 'd', reward => 0$$), 'PT400 not_attached, PT400 not_attached', 'nothing is attached');
CREATE TEMP TABLE attached_again AS SELECT * FROM btwin.attach('public');
INSERT INTO users (id) VALUES ('ann'), ('bob'), ('cal'), ('dot'), ('eve'), ('fay');
INSERT INTO users (id, behavioral_analysis_enabled) VALUES ('off', false);
CREATE ROLE regress_bandit_web;
CREATE ROLE regress_bandit_service;
CREATE TEMP TABLE secured AS SELECT * FROM btwin.secure('regress_bandit_web', 'regress_bandit_service');
SET app.current_user_id = 'ann';
CREATE FUNCTION pg_temp.decisions(learner text) RETURNS bigint LANGUAGE sql AS $$SELECT count(*) FROM btwin.decision d WHERE d.user_id = learner$$;
-- propensities of the answer, in the order of the arms
CREATE FUNCTION pg_temp.spread(answer jsonb) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(concat_ws(' ', a ->> 'arm', a ->> 'pulls', round((a ->> 'posterior_mean')::numeric, 6), round((a ->> 'propensity')::numeric, 6)), ', ' ORDER BY n) FROM jsonb_array_elements(answer -> 'arms') WITH ORDINALITY AS t (a, n)
$$;

-- arguments

SELECT is(pg_temp.refusals('choose_strategy', 'context => NULL', $$context => 'X'$$, 'policy => NULL', $$policy => 'ucb'$$, 'epsilon => NULL', 'epsilon => -0.001', 'epsilon => 1.001', $$epsilon => 'NaN'$$, 'epsilon => 0', 'epsilon => 1'),
          'PT400 missing_argument context, PT400 not_allowed_value context, PT400 missing_argument policy, PT400 not_allowed_value policy, PT400 missing_argument epsilon, PT400 out_of_range epsilon, PT400 out_of_range epsilon, PT400 out_of_range epsilon, accepted, accepted', 'context, policy, epsilon');
SELECT is(pg_temp.refusals('choose_strategy', $$arms => '{}'$$, $$arms => '{a}'$$, $$arms => '{a,b}'$$, $$arms => '{{a,b},{c,d}}'$$, $$arms => '{a,NULL}'$$, $$arms => '{a,b,a}'$$, $$arms => '{a,""}'$$,
                           $$arms => ARRAY['a', repeat('x', 255)]$$, $$arms => ARRAY['a', repeat('x', 256)]$$, $$arms => ARRAY['a', repeat('ä', 128)]$$,
                           $$arms => ARRAY(SELECT 'a' || g FROM generate_series(1, 50) g)$$, $$arms => ARRAY(SELECT 'a' || g FROM generate_series(1, 51) g)$$),
          'PT400 out_of_range arms, PT400 out_of_range arms, accepted, PT400 out_of_range arms, PT400 not_allowed_value arms, PT400 not_allowed_value arms, PT400 not_allowed_value arms, accepted, PT400 not_allowed_value arms, PT400 not_allowed_value arms, accepted, PT400 out_of_range arms', 'arms');
SELECT is(pg_temp.refusals('choose_strategy', 'sticky_hours => NULL', 'sticky_hours => -1', 'sticky_hours => 8761', 'sticky_hours => 8760', 'default_reward => -0.001', 'default_reward => 1.001', 'default_reward => 1', 'default_reward => 0',
                           'reward_window_hours => NULL', 'reward_window_hours => 0', 'reward_window_hours => 8761', 'reward_window_hours => 8760', 'reward_window_hours => 1'),
          'PT400 missing_argument sticky_hours, PT400 out_of_range sticky_hours, PT400 out_of_range sticky_hours, accepted, PT400 out_of_range default_reward, PT400 out_of_range default_reward, accepted, accepted, PT400 missing_argument reward_window_hours, PT400 out_of_range reward_window_hours, PT400 out_of_range reward_window_hours, accepted, accepted', 'hours and the default reward');
SELECT is(pg_temp.refusals('choose_strategy', $$idempotency_key => ''$$, $$idempotency_key => repeat('k', 201)$$, $$idempotency_key => repeat('k', 200)$$, $$user_id => 'nobody'$$, 'seed => 7'),
          'PT400 out_of_range idempotency_key, PT400 out_of_range idempotency_key, accepted, PT404 unknown_learner user_id, accepted', 'key, learner, seed of the owner');
SELECT is(pg_temp.refusals('record_reward', '', $$decision_id => 'd'$$, $$decision_id => 'd', reward => -0.001$$, $$decision_id => 'd', reward => 1.001$$, $$decision_id => 'd', reward => 'NaN'$$,
                           $$decision_id => 'd', reward => 1, completion => 1$$, $$decision_id => 'd', reward => 1, satisfaction => 1$$, $$decision_id => 'd', reward => 1, retention_change => 0$$, $$decision_id => 'd', reward => 1, performance_change => 0$$),
          'PT400 missing_argument decision_id, PT400 missing_argument reward, PT400 out_of_range reward, PT400 out_of_range reward, PT400 out_of_range reward, PT400 not_allowed_value reward, PT400 not_allowed_value reward, PT400 not_allowed_value reward, PT400 not_allowed_value reward', 'a reward');
SELECT is(pg_temp.refusals('record_reward', $$decision_id => 'd', satisfaction => 1$$, $$decision_id => 'd', retention_change => 1, completion => 1$$, $$decision_id => 'd', retention_change => 1, performance_change => 1$$, $$decision_id => 'd', performance_change => 1$$,
                           $$decision_id => 'd', retention_change => -1.001, performance_change => 0, completion => 0$$, $$decision_id => 'd', retention_change => 1.001, performance_change => 0, completion => 0$$,
                           $$decision_id => 'd', retention_change => 0, performance_change => -1.001, completion => 0$$, $$decision_id => 'd', retention_change => 0, performance_change => 1.001, completion => 0$$,
                           $$decision_id => 'd', retention_change => 0, performance_change => 0, completion => -0.001$$, $$decision_id => 'd', retention_change => 0, performance_change => 0, completion => 1.001$$,
                           $$decision_id => 'd', retention_change => 0, performance_change => 0, completion => 0, satisfaction => 0.999$$, $$decision_id => 'd', retention_change => 0, performance_change => 0, completion => 0, satisfaction => 5.001$$),
          'PT400 missing_argument retention_change, PT400 missing_argument performance_change, PT400 missing_argument completion, PT400 missing_argument retention_change, PT400 out_of_range retention_change, PT400 out_of_range retention_change, PT400 out_of_range performance_change, PT400 out_of_range performance_change, PT400 out_of_range completion, PT400 out_of_range completion, PT400 out_of_range satisfaction, PT400 out_of_range satisfaction', 'or what it is made of');
SELECT is(pg_temp.refusals('record_reward', $$decision_id => 'd', reward => 1, observed_at => 'infinity'$$, $$decision_id => 'd', reward => 1, observed_at => '-infinity'$$, $$decision_id => 'd', reward => 1, observed_at => now() + interval '301 seconds'$$, $$decision_id => 'd', reward => 1, observed_at => now() + interval '300 seconds'$$,
                           $$decision_id => 'd', reward => 1, user_id => 'nobody'$$),
          'PT400 out_of_range observed_at, PT400 out_of_range observed_at, PT400 out_of_range observed_at, PT404 unknown_id, PT404 unknown_learner user_id', 'and when');
TRUNCATE btwin.decision, btwin.api_call;

-- the first decision: nothing is known, every arm is as good

BEGIN;
CREATE TEMP TABLE a AS SELECT btwin_api.choose_strategy(default_reward => 0.25) AS d;
SELECT is((SELECT array_agg(k ORDER BY k) FROM a, jsonb_object_keys(d) k), '{arm,arms,context,decided_at,id,policy,policy_version,propensity,reason,reward_due_at,sticky}', 'keys');
SELECT is(pg_temp.spread(d), 'pattern_heavy 0 0.500000 0.250000, prediction_heavy 0 0.500000 0.250000, balanced 0 0.500000 0.250000, conservative 0 0.500000 0.250000', 'the four arms of the reference, alike') FROM a;
SELECT is(d - '{id,arm,arms}'::text[], jsonb_build_object('context', 'SESSION', 'policy', 'thompson', 'policy_version', 'bandit-1', 'propensity', 0.25, 'reason', NULL, 'sticky', false, 'decided_at', now(), 'reward_due_at', now() + interval '168 hours'), 'the rest of the answer') FROM a;
SELECT is((SELECT concat_ws(' ', s.user_id, s.id = d ->> 'id', s.context, s.policy, s.policy_version, s.epsilon, s.arms, s.arm = d ->> 'arm', s.propensity, s.propensities, s.seed, s.decided_at = now(), s.default_reward, s.reward_due_at = now() + interval '168 hours', s.reward, s.late, s.reward_turn, s.turn = (SELECT w.began_at FROM btwin.learner_write w WHERE w.user_id = 'ann'))
           FROM btwin.decision s, a), 'ann t SESSION thompson bandit-1 {pattern_heavy,prediction_heavy,balanced,conservative} t 0.25 {0.25,0.25,0.25,0.25} t 0.25 t f t', 'is what is stored');
SELECT matches(d ->> 'id', '^c[0-9a-f]{24}$', 'with a key of the usual form') FROM a;
-- all arguments
SELECT is(jsonb_build_object('a', x - '{id,arm,arms,propensity}'::text[]), jsonb_build_object('a', jsonb_build_object('context', 'CONTENT', 'policy', 'epsilon_greedy', 'policy_version', 'bandit-1', 'reason', NULL, 'sticky', false, 'decided_at', now(), 'reward_due_at', now() + interval '3 hours')), 'as asked for')
FROM (SELECT btwin_api.choose_strategy('bob', 'CONTENT', 'epsilon_greedy', 0.4, '{x,y}', 0, NULL, 3, 42) AS x) q;
SELECT is((SELECT concat_ws(' ', s.user_id, s.epsilon, s.arms, s.propensities, s.seed, s.default_reward) FROM btwin.decision s WHERE s.user_id = 'bob'), 'bob 0.4 {x,y} {0.5,0.5} 42', 'and stored; ties share evenly');
-- an array may begin anywhere
SELECT is(pg_temp.spread(btwin_api.choose_strategy('cal', 'CONTENT', arms => '[0:1]={x,y}')), 'x 0 0.500000 0.500000, y 0 0.500000 0.500000', 'arms that count from 0');
ROLLBACK;

-- what was earned counts

CREATE FUNCTION pg_temp.past(learner text, context text, arm text, reward float8, default_reward float8 DEFAULT NULL, due interval DEFAULT '-1 hour', rewarded interval DEFAULT '-2 hours', decided interval DEFAULT '-3 hours', reward_turn timestamptz DEFAULT NULL) RETURNS void LANGUAGE sql AS $$
    INSERT INTO btwin.decision (user_id, id, context, policy, policy_version, arms, arm, propensity, propensities, decided_at, turn, default_reward, reward_due_at, reward, reward_kind, rewarded_at, reward_turn)
    VALUES (learner, btwin._new_id(), context, 'uniform', '1', '{a,b,c}', arm, 0.3, '{0.3,0.3,0.4}', now() + decided, now() + decided, default_reward, now() + due, reward, CASE WHEN reward IS NOT NULL THEN 'GIVEN' END, CASE WHEN reward IS NOT NULL THEN now() + rewarded END, reward_turn)
$$;
BEGIN;
-- a: 1, 0, 1: Beta(3, 2). b: 0.25 and the default 0.75: Beta(2, 2); pending: due at this moment, due later, without a default. c: never tried.
SELECT pg_temp.past('bob', 'SESSION', 'a', r) FROM unnest('{1,0,1}'::float8[]) r \g /dev/null
SELECT pg_temp.past('bob', 'SESSION', 'b', 0.25, 0.9), pg_temp.past('bob', 'SESSION', 'b', NULL, 0.75, '-1 microsecond'), pg_temp.past('bob', 'SESSION', 'b', NULL, 0.75, '0 seconds'), pg_temp.past('bob', 'SESSION', 'b', NULL, 1, '1 hour'), pg_temp.past('bob', 'SESSION', 'b', NULL) \g /dev/null
-- of another context, of another learner, decided or rewarded in a later turn
SELECT pg_temp.past('bob', 'CONTENT', 'c', 1), pg_temp.past('cal', 'SESSION', 'c', 1), pg_temp.past('bob', 'SESSION', 'c', 1, decided => '1 hour') \g /dev/null
-- Best of three: a 12 (3/6 - 5/7 + 2/8) = 0.428571, b 6 (4/6 - 7/7 + 3/8) = 0.25, c the rest
SELECT is(pg_temp.spread(btwin_api.choose_strategy('bob', arms => '{a,b,c}')), 'a 3 0.600000 0.428571, b 5 0.500000 0.250000, c 0 0.500000 0.321429', 'thompson: the probability of being the best');
DELETE FROM btwin.decision d WHERE d.policy = 'thompson';
SELECT is(pg_temp.spread(btwin_api.choose_strategy('bob', arms => '{c,a}')), 'c 0 0.500000 0.400000, a 3 0.600000 0.600000', 'among those asked for: a beats a flat prior with its mean');
DELETE FROM btwin.decision d WHERE d.policy = 'thompson';
SELECT is(pg_temp.spread(btwin_api.choose_strategy('bob', policy => 'epsilon_greedy', arms => '{a,b}')), 'a 3 0.600000 0.950000, b 5 0.500000 0.050000', 'epsilon_greedy with 0.1: 0.9 + 0.1/2 for the best');
SELECT is((SELECT array_agg(d.epsilon) FROM btwin.decision d WHERE d.policy = 'epsilon_greedy'), '{0.1}', 'which is stored');
DELETE FROM btwin.decision d WHERE d.policy = 'epsilon_greedy';
SELECT is(pg_temp.spread(btwin_api.choose_strategy('bob', policy => 'epsilon_greedy', epsilon => 0.5, arms => '{b,a}')), 'b 5 0.500000 0.250000, a 3 0.600000 0.750000', 'with 0.5');
DELETE FROM btwin.decision d WHERE d.policy = 'epsilon_greedy';
SELECT is(pg_temp.spread(btwin_api.choose_strategy('bob', policy => 'uniform', arms => '{a,b,c,d}')), 'a 3 0.600000 0.250000, b 5 0.500000 0.250000, c 0 0.500000 0.250000, d 0 0.500000 0.250000', 'uniform');
-- a pull more
SELECT is((SELECT string_agg(p.n, ' ' ORDER BY p.n) FROM (SELECT x ->> 'pulls' AS n FROM jsonb_array_elements(btwin_api.choose_strategy('bob', policy => 'uniform', arms => '{a,b,c,d}') -> 'arms') x
           EXCEPT ALL SELECT unnest('{0,0,3,5}'::text[])) p), CASE (SELECT d.arm FROM btwin.decision d WHERE d.policy = 'uniform' AND d.policy_version = 'bandit-1' ORDER BY d.turn LIMIT 1) WHEN 'a' THEN '4' WHEN 'b' THEN '6' ELSE '1' END, 'the one before is counted');
-- a reward that was observed before, and stored in a later turn
SELECT pg_temp.past('eve', 'SESSION', 'a', 1, reward_turn => now() + interval '1 hour') \g /dev/null
SELECT is(pg_temp.spread(btwin_api.choose_strategy('eve', arms => '{a,b}')), 'a 1 0.500000 0.500000, b 0 0.500000 0.500000', 'it was not known yet');
ROLLBACK;
-- an arm of little promise that was drawn all the same: epsilon_greedy with 0.001 gives it 0.0005
BEGIN;
SELECT pg_temp.past('bob', 'SESSION', 'a', 1), pg_temp.past('bob', 'SESSION', 'b', 0) \g /dev/null
SELECT is(btwin_api.choose_strategy('bob', policy => 'epsilon_greedy', epsilon => 0.001, arms => '{a,b}', seed => 2398) - '{id,arms,policy,policy_version,context,sticky,decided_at,reward_due_at,reason}'::text[], '{"arm": "b", "propensity": 0.0005}', 'with the propensity it had');
ROLLBACK;
-- the drawn arm is that of the seed
SELECT is((SELECT string_agg(btwin_api.choose_strategy('bob', policy => 'uniform', arms => '{a,b,c}', seed => g) ->> 'arm', '' ORDER BY g) FROM generate_series(1, 20) g),
          (SELECT string_agg((btwin.select_arm(btwin.bandit_init('{a,b,c}'), 'uniform', '{a,b,c}', seed => g)).arm, '' ORDER BY g) FROM generate_series(1, 20) g), 'draws follow the seed');
SELECT is((SELECT string_agg(d.seed::text, ' ' ORDER BY d.turn) FROM btwin.decision d WHERE d.user_id = 'bob'), (SELECT string_agg(g::text, ' ' ORDER BY g) FROM generate_series(1, 20) g), 'which is stored');
SELECT is((SELECT string_agg(btwin_api.choose_strategy('cal', policy => p, epsilon => 1, arms => '{a,b,c}', seed => g) ->> 'arm', '' ORDER BY p, g) FROM generate_series(1, 20) g, unnest('{epsilon_greedy,thompson}'::text[]) p),
          (SELECT string_agg((btwin.select_arm(btwin.bandit_init('{a,b,c}'), p, '{a,b,c}', epsilon => 1, seed => g)).arm, '' ORDER BY p, g) FROM generate_series(1, 20) g, unnest('{epsilon_greedy,thompson}'::text[]) p), 'under every policy');
SELECT cmp_ok((SELECT count(DISTINCT btwin_api.choose_strategy('dot', policy => 'uniform') ->> 'arm') FROM generate_series(1, 60)), '>', 1::bigint, 'without one draws differ');
SELECT is((SELECT count(DISTINCT d.turn) FROM btwin.decision d WHERE d.user_id = 'dot'), 60::bigint, 'each in a turn of its own, also within one statement');
TRUNCATE btwin.decision;

-- sticky

BEGIN;
CREATE TEMP TABLE s AS SELECT btwin_api.choose_strategy('bob', arms => '{a,b}') AS d;
SELECT pg_temp.past('bob', 'SESSION', 'a', 1, decided => '0 seconds', rewarded => '0 seconds', reward_turn => clock_timestamp()) \g /dev/null
UPDATE btwin.decision SET turn = clock_timestamp() WHERE policy = 'uniform';
SELECT is(btwin_api.choose_strategy('bob', arms => '{a,b}', sticky_hours => 1), s.d || '{"sticky": true}', 'the same decision, with what was known then') FROM s;
SELECT is(btwin_api.choose_strategy('bob', arms => '{b,a}', sticky_hours => 1) ->> 'id', s.d ->> 'id', 'whatever the order of the arms') FROM s;
SELECT is(pg_temp.decisions('bob'), 2::bigint, 'nothing is stored');
SELECT isnt(btwin_api.choose_strategy('bob', arms => '{a,b}', sticky_hours => 1, context => 'CONTENT') ->> 'id', s.d ->> 'id', 'another context') FROM s;
SELECT isnt(btwin_api.choose_strategy('bob', arms => '{a,b}', sticky_hours => 1, policy => 'uniform') ->> 'id', s.d ->> 'id', 'another policy') FROM s;
SELECT isnt(btwin_api.choose_strategy('bob', arms => '{a,b,c}', sticky_hours => 1) ->> 'id', s.d ->> 'id', 'more arms') FROM s;
SELECT is(btwin_api.choose_strategy('bob', arms => '{a,b}', sticky_hours => 1) ->> 'id', s.d ->> 'id', 'which is none of fewer') FROM s;
SELECT isnt(btwin_api.choose_strategy('bob', arms => '{a,c}', sticky_hours => 1) ->> 'id', s.d ->> 'id', 'other arms') FROM s;
SELECT isnt(btwin_api.choose_strategy('cal', arms => '{a,b}', sticky_hours => 1) ->> 'id', s.d ->> 'id', 'another learner') FROM s;
UPDATE btwin.decision SET decided_at = now() - interval '2 hours' WHERE user_id = 'bob' AND id = (SELECT d ->> 'id' FROM s);
SELECT is(btwin_api.choose_strategy('bob', arms => '{a,b}', sticky_hours => 2) ->> 'id', s.d ->> 'id', 'two hours old is not older than two hours') FROM s;
UPDATE btwin.decision SET decided_at = now() - interval '2 hours 1 microsecond' WHERE user_id = 'bob' AND id = (SELECT d ->> 'id' FROM s);
CREATE TEMP TABLE s2 AS SELECT btwin_api.choose_strategy('bob', arms => '{a,b}', sticky_hours => 2) AS d;
SELECT isnt(s2.d ->> 'id', s.d ->> 'id', 'older') FROM s, s2;
SELECT is((s2.d ->> 'sticky')::boolean, false, 'is decided anew') FROM s2;
SELECT is(btwin_api.choose_strategy('bob', arms => '{a,b}', sticky_hours => 8760) ->> 'id', s2.d ->> 'id', 'the newest') FROM s2;
SELECT isnt(btwin_api.choose_strategy('bob', arms => '{a,b}') ->> 'id', s2.d ->> 'id', 'unless it is asked for, none is') FROM s2;
ROLLBACK;

-- switched off

INSERT INTO personalization_preferences (id, user_id, personalization_level) VALUES ('p-dot', 'dot', 'NONE');
INSERT INTO personalization_preferences (id, user_id, mission_personalization_enabled, session_personalization_enabled) VALUES ('p-eve', 'eve', false, true);
SELECT is(btwin_api.choose_strategy('dot', 'CONTENT', 'uniform', idempotency_key => 'k'), '{"id": null, "arm": "balanced", "arms": [], "policy": "uniform", "reason": "personalization_off", "sticky": false, "context": "CONTENT", "decided_at": null, "propensity": 1, "reward_due_at": null, "policy_version": "bandit-1"}'::jsonb, 'level NONE');
UPDATE personalization_preferences SET personalization_level = 'LOW' WHERE user_id = 'dot';
SELECT is(btwin_api.choose_strategy('dot', 'CONTENT', 'uniform', idempotency_key => 'k') ->> 'reason', 'personalization_off', 'a repeated call gets the first answer');
SELECT is(btwin_api.choose_strategy('dot', 'CONTENT', 'uniform') ->> 'reason', NULL, 'a new one is decided');
SELECT is(btwin_api.choose_strategy('eve', 'MISSION', arms => '{x,y}') ->> 'arm', 'x', 'without balanced the first');
CREATE FUNCTION pg_temp.off_contexts() RETURNS text LANGUAGE sql AS $$SELECT string_agg(c, ' ' ORDER BY c) FROM unnest('{MISSION,CONTENT,ASSESSMENT,SESSION}'::text[]) c WHERE btwin_api.choose_strategy('eve', c) ->> 'reason' = 'personalization_off'$$;
SELECT is(pg_temp.off_contexts(), 'MISSION', 'one context');
UPDATE personalization_preferences SET mission_personalization_enabled = true, content_personalization_enabled = false WHERE user_id = 'eve';
SELECT is(pg_temp.off_contexts(), 'CONTENT', 'or another');
UPDATE personalization_preferences SET content_personalization_enabled = true, assessment_personalization_enabled = false WHERE user_id = 'eve';
SELECT is(pg_temp.off_contexts(), 'ASSESSMENT', 'or another one');
UPDATE personalization_preferences SET assessment_personalization_enabled = true, session_personalization_enabled = false WHERE user_id = 'eve';
SELECT is(pg_temp.off_contexts(), 'SESSION', 'or the last');
SELECT is(btwin_api.choose_strategy('off', idempotency_key => 'k') - '{policy,policy_version,context}'::text[], '{"id": null, "arm": "balanced", "arms": [], "reason": "analysis_disabled", "sticky": false, "decided_at": null, "propensity": 1, "reward_due_at": null}'::jsonb, 'without analysis no decision');
SELECT is(pg_temp.decisions('off') + (SELECT count(*) FROM btwin.api_call c WHERE c.user_id = 'off'), 0::bigint, 'and nothing is kept');
SELECT is(btwin_api.record_reward('off', 'whatever', 0.5), '{"id": "whatever", "arm": null, "late": false, "reason": "analysis_disabled", "reward": null, "changed": false, "recorded_at": null, "reward_kind": null, "replaced_default": false}'::jsonb, 'nor a reward');

-- repeated with a key

CREATE TEMP TABLE k AS SELECT btwin_api.choose_strategy('fay', idempotency_key => 'k') AS d;
SELECT is(btwin_api.choose_strategy('fay', 'SESSION', 'thompson', 0.1, NULL, 0, NULL, 168, NULL, 'k')::text, k.d::text, 'the same answer, byte for byte, with the defaults filled in') FROM k;
SELECT is(pg_temp.decisions('fay'), 1::bigint, 'one decision');
SELECT is((SELECT string_agg(DISTINCT pg_temp.refusal(format($$SELECT btwin_api.choose_strategy('fay', idempotency_key => 'k', %s)$$, a)), ', ') FROM unnest(ARRAY[$$context => 'CONTENT'$$, $$policy => 'uniform'$$, 'epsilon => 0.2', $$arms => '{a,b}'$$, 'sticky_hours => 1', 'default_reward => 0', 'reward_window_hours => 167', 'seed => 1']) a),
          'PT409 key_reused idempotency_key', 'another call may not use it, whichever argument differs');
SELECT is((SELECT count(DISTINCT btwin_api.choose_strategy('bob', idempotency_key => 'k') ->> 'id') FROM generate_series(1, 2)), 1::bigint, 'the key of another learner is another');
UPDATE users SET behavioral_analysis_enabled = false WHERE id = 'fay';
SELECT is(btwin_api.choose_strategy('fay', idempotency_key => 'k')::text, k.d::text, 'also after analysis was switched off') FROM k;
UPDATE users SET behavioral_analysis_enabled = true WHERE id = 'fay';
TRUNCATE btwin.decision, btwin.api_call;

-- rewards

INSERT INTO personalization_preferences (id, user_id) VALUES ('p-ann', 'ann'), ('p-bob', 'bob');
INSERT INTO personalization_configs (id, user_id, preferences_id, context, strategy_variant, times_selected, total_reward, avg_reward, is_active, activated_at, deactivated_at, updated_at) VALUES
    ('c-active', 'ann', 'p-ann', 'SESSION', 'balanced', 2, 1, 0.5, true, '2026-03-02', NULL, '2026-03-02'),
    ('c-acme', 'ann', 'p-ann', 'SESSION', 'balanced', 0, 0, 0, true, '2026-03-02', NULL, '2026-03-02'),
    ('c-older', 'ann', 'p-ann', 'SESSION', 'balanced', 0, 0, 0, true, '2026-03-01', NULL, '2026-03-02'),
    ('c-inactive', 'ann', 'p-ann', 'SESSION', 'balanced', 0, 0, 0, false, '2026-03-03', NULL, '2026-03-02'),
    ('c-ended', 'ann', 'p-ann', 'SESSION', 'balanced', 0, 0, 0, true, '2026-03-03', '2026-03-04', '2026-03-02'),
    ('c-content', 'ann', 'p-ann', 'CONTENT', 'balanced', 0, 0, 0, true, '2026-03-03', NULL, '2026-03-02'),
    ('c-bob', 'bob', 'p-bob', 'SESSION', 'balanced', 0, 0, 0, true, '2026-03-03', NULL, '2026-03-02');
INSERT INTO btwin.decision (user_id, id, context, policy, policy_version, arms, arm, propensity, propensities, decided_at, turn, default_reward, reward_due_at)
SELECT 'ann', id, context, 'uniform', 'bandit-1', '{a,b}', 'b', 0.5, '{0.5,0.5}', now() - interval '10 hours', now() - interval '10 hours', default_reward, now() - interval '1 hour'
FROM (VALUES ('d1', 'SESSION', NULL::float8), ('d2', 'SESSION', 0.3), ('d3', 'SESSION', 0.3), ('d4', 'MISSION', NULL), ('d5', 'MISSION', NULL), ('d6', 'MISSION', NULL), ('d7', 'MISSION', NULL), ('d8', 'MISSION', NULL)) v (id, context, default_reward);
BEGIN;
CREATE TEMP TABLE r AS SELECT btwin_api.record_reward(decision_id => 'd1', reward => 0.7) AS d;
SELECT is(d, jsonb_build_object('id', 'd1', 'arm', 'b', 'late', true, 'reason', NULL, 'reward', 0.7, 'changed', true, 'recorded_at', now(), 'reward_kind', 'GIVEN', 'replaced_default', false), 'a reward') FROM r;
SELECT is((SELECT concat_ws(' ', d.reward, d.reward_kind, d.rewarded_at = now(), d.late, d.reward_turn = (SELECT w.began_at FROM btwin.learner_write w WHERE w.user_id = 'ann')) FROM btwin.decision d WHERE d.id = 'd1'), '0.7 GIVEN t t t', 'is stored');
-- 2 of 1 in all, and 0.7 more
SELECT is((SELECT string_agg(concat_ws(' ', c.id, c.times_selected, round(c.total_reward::numeric, 6), round(c.avg_reward::numeric, 6), c.updated_at = now()), ', ' ORDER BY c.id) FROM personalization_configs c WHERE c.updated_at > '2026-03-02' OR c.times_selected > 0), 'c-active 3 1.700000 0.566667 t', 'and counted by the active configuration of the context, the newest, of two the last by id, and no other');
COMMIT;
CREATE TEMP TABLE versions AS SELECT d.ctid::text AS d, (SELECT string_agg(c.ctid::text || c.xmin, ' ' ORDER BY c.id) FROM personalization_configs c) AS c, d.xmin::text AS x FROM btwin.decision d WHERE d.id = 'd1';
SELECT is(btwin_api.record_reward(decision_id => 'd1', reward => 0.7, observed_at => '2020-01-01'), r.d || '{"changed": false}', 'the same again, whenever it was observed') FROM r;
SELECT is((SELECT (d.ctid::text, (SELECT string_agg(c.ctid::text || c.xmin, ' ' ORDER BY c.id) FROM personalization_configs c), d.xmin::text)::text FROM btwin.decision d WHERE d.id = 'd1'), (SELECT (v.d, v.c, v.x)::text FROM versions v), 'nothing is written, not even the same');
SELECT is(pg_temp.refusals('record_reward', $$decision_id => 'd1', reward => 0.700001$$, $$decision_id => 'd1', reward => 0.699999$$, $$decision_id => 'd1', retention_change => 0.5, performance_change => 0.25, completion => 0.625$$), 'PT409 already_rewarded decision_id, PT409 already_rewarded decision_id, accepted', 'another is refused; (0.2 + 0.075 + 0.125 + 1)/2 is the same');
SELECT is(concat_ws(' ', d -> 'late', d -> 'replaced_default'), 'true true', 'after its time it takes the place of the default') FROM btwin_api.record_reward(decision_id => 'd2', reward => 0) d;
SELECT is((SELECT string_agg(c.times_selected || ' ' || round(c.avg_reward::numeric, 6), ', ') FROM personalization_configs c WHERE c.times_selected > 0), '4 0.425000', 'a reward of nothing counts: 1.7/4');
SELECT is(concat_ws(' ', d -> 'late', d -> 'replaced_default', (d ->> 'recorded_at')::timestamptz = s.reward_due_at), 'false false t', 'at its time it is not late') FROM btwin.decision s, btwin_api.record_reward(decision_id => 'd3', reward => 1, observed_at => s.reward_due_at) d WHERE s.id = 'd3';
SELECT is(round((d ->> 'reward')::numeric, 6), 0.67, '(0.4 * 0.5 - 0.3 * 0.2 + 0.2 + 1)/2, where nothing is configured') FROM btwin_api.record_reward(decision_id => 'd4', retention_change => 0.5, performance_change => -0.2, completion => 1) d;
SELECT is(round((d ->> 'reward')::numeric, 6), 0.695, 'with (3 - 1)/4 of 0.1') FROM btwin_api.record_reward(decision_id => 'd5', retention_change => 0.5, performance_change => -0.2, completion => 1, satisfaction => 3) d;
SELECT is((SELECT count(*) FROM personalization_configs c WHERE c.times_selected > 0), 1::bigint, 'in the context without a configuration none counted');
SELECT is(pg_temp.refusals('record_reward', $$decision_id => 'd6', reward => 1, observed_at => (SELECT d.decided_at - interval '300.000001 seconds' FROM btwin.decision d WHERE d.id = 'd6')$$), 'PT400 out_of_range observed_at', 'not before the decision');
SELECT is((d ->> 'recorded_at')::timestamptz, s.decided_at, 'clocks may differ by 5 minutes') FROM btwin.decision s, btwin_api.record_reward(decision_id => 'd6', reward => 1, observed_at => s.decided_at - interval '5 minutes') d WHERE s.id = 'd6';
BEGIN;
SELECT is((btwin_api.record_reward(decision_id => 'd7', reward => 1, observed_at => now() + interval '5 minutes') ->> 'recorded_at')::timestamptz, now(), 'in either direction');
SELECT is((SELECT (s.pulls, s.rewarded, s.posterior_alpha)::text FROM btwin_api.strategy_performance(context_is => 'SESSION') s WHERE s.arm = 'b'), '(3,3,2.7)', 'the reading function counts them: 1 + 0.7 + 0 + 1');
ROLLBACK;

-- whose

SELECT is(pg_temp.refusals('record_reward', $$user_id => 'bob', decision_id => 'd8', reward => 1$$, $$user_id => 'bob', decision_id => 'nothing', reward => 1$$), 'PT404 unknown_id, PT404 unknown_id', 'a service is told that the learner has no such decision');
SET ROLE regress_bandit_web;
SET app.current_user_id = 'bob';
SELECT is(pg_temp.refusals('record_reward', $$decision_id => 'd8', reward => 1$$, $$decision_id => 'nothing', reward => 1$$, $$user_id => 'ann', decision_id => 'd8', reward => 1$$), 'PT403 forbidden, PT403 forbidden, PT403 forbidden', 'a learner is told one thing');
SELECT is(pg_temp.refusals('choose_strategy', $$user_id => 'ann'$$, $$user_id => 'nobody'$$, 'seed => 1'), 'PT403 forbidden, PT403 forbidden, PT403 service_only seed', 'and has no seeds');
SET app.current_user_id = 'nobody';
SELECT is(pg_temp.refusals('choose_strategy', '') || ', ' || pg_temp.refusals('record_reward', $$decision_id => 'd8', reward => 1$$), 'PT403 forbidden, PT403 forbidden', 'who is not among the users writes nothing');
RESET app.current_user_id;
SELECT is(pg_temp.refusals('choose_strategy', '') || ', ' || pg_temp.refusals('record_reward', $$decision_id => 'd8', reward => 1$$), 'PT403 no_claim, PT403 no_claim', 'nor who is nobody');
-- as learners, with an empty path, and where nothing can be written
SET search_path = '';
SET app.current_user_id = 'bob';
CREATE TEMP TABLE w AS SELECT btwin_api.choose_strategy(idempotency_key => 'w', sticky_hours => 24) AS d;
CREATE TEMP TABLE said AS SELECT btwin_api.record_reward(decision_id => w.d ->> 'id', reward => 0.5) ->> 'changed' AS rewarded FROM w;
CREATE TEMP TABLE counted AS SELECT pg_catalog.concat_ws(' ', c.times_selected, c.total_reward) AS c FROM btwin.personalization_configs c WHERE c.id = 'c-bob';
SET default_transaction_read_only = on;
SELECT pg_temp.refusals('choose_strategy', '', $$idempotency_key => 'w', sticky_hours => 24$$, 'sticky_hours => 24') || ', ' || pg_temp.refusals('record_reward', $$decision_id => 'x', reward => 0.5$$) AS read_only \gset
SET app.current_user_id = 'off';
SELECT pg_temp.refusals('choose_strategy', '') || ', ' || pg_temp.refusals('record_reward', $$decision_id => 'x', reward => 0.5$$) AS read_only_off \gset
RESET default_transaction_read_only;
RESET ROLE;
RESET search_path;
SELECT is((SELECT rewarded FROM said), 'true', 'a learner decides and is rewarded');
SELECT is((SELECT c FROM counted), '1 0.5', 'and it counts');
SELECT is(:'read_only'::text, '25006, 25006, 25006, 25006', 'where nothing can be written that is said first, whatever would be');
SELECT is(:'read_only_off'::text, '25006, 25006', 'also where analysis is switched off');
SELECT * FROM finish();
DROP OWNED BY regress_bandit_web, regress_bandit_service;
DROP ROLE regress_bandit_web, regress_bandit_service;
