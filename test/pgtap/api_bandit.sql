-- btwin_api.strategy_performance and btwin_api.experiment_result
\set QUIET on
SET client_min_messages = warning;
SET DateStyle = 'ISO, YMD';
SET TimeZone = 'UTC';
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS btwin;
SELECT plan(60);
\ir api_helpers.psql
CREATE TEMP TABLE attached AS SELECT * FROM btwin.attach('public');
CREATE TEMP TABLE detached AS SELECT * FROM btwin.detach();
SELECT is(pg_temp.refusal($$SELECT btwin_api.experiment_result('e')$$), 'PT400 not_attached', 'nothing is attached');
CREATE TEMP TABLE attached_again AS SELECT * FROM btwin.attach('public');
\set t '''2026-03-16 12:00+00'''
INSERT INTO users (id, behavioral_analysis_enabled, include_in_analytics) VALUES ('ann', true, true), ('bob', true, true), ('off', false, true), ('shy', true, false);
SET btwin.user_id = 'ann';

-- strategies

SELECT is_empty('SELECT * FROM btwin_api.strategy_performance()', 'nothing was decided');
SELECT is((SELECT string_agg(pg_temp.refusal(format('SELECT * FROM btwin_api.strategy_performance(%s)', a)), ', ' ORDER BY n)
           FROM unnest(ARRAY['context_is => ''session''', 'context_is => ''SESSION''', 'policy_is => ''ucb''', 'policy_is => ''uniform''', 'method_is => NULL', 'method_is => ''x''', 'as_of => ''infinity''', 'user_id => ''off''', 'user_id => ''nobody''']) WITH ORDINALITY AS u (a, n)),
          'PT400 not_allowed_value context_is, accepted, PT400 not_allowed_value policy_is, accepted, PT400 missing_argument method_is, PT400 not_allowed_value method_is, PT400 out_of_range as_of, PT403 analysis_disabled, PT404 unknown_learner user_id', 'refusals');
INSERT INTO btwin.decision (user_id, id, context, policy, policy_version, arms, arm, propensity, propensities, decided_at, default_reward, reward_due_at, reward, reward_kind, rewarded_at)
SELECT 'ann', v.id, v.context, v.policy, '1', v.arms, v.arm, v.propensity, CASE cardinality(v.arms) WHEN 2 THEN '{0.5,0.5}' ELSE '{0.4,0.3,0.3}' END::float8[], v.decided_at::timestamptz, v.default_reward, v.due::timestamptz, v.reward,
       CASE WHEN v.reward IS NOT NULL THEN 'GIVEN' END, v.rewarded_at::timestamptz
FROM (VALUES
    ('d1', 'SESSION', 'thompson', '{a,b}'::text[], 'a', 0.5, '2026-03-01 12:00+00', 0.1,  '2026-03-08 12:00+00', 1,    '2026-03-16 12:00+00'),
    ('d2', 'SESSION', 'thompson', '{a,b}', 'a', 0.8, '2026-03-02 12:00+00', NULL, '2026-03-09 12:00+00', 0,    '2026-03-03 12:00+00'),
    ('d3', 'SESSION', 'thompson', '{a,b}', 'a', 0.4, '2026-03-03 12:00+00', NULL, '2026-03-10 12:00+00', 1,    '2026-03-04 12:00+00'),
    ('d4', 'SESSION', 'uniform',  '{a,b}', 'b', 0.5, '2026-03-04 12:00+00', NULL, '2026-03-11 12:00+00', 0.25, '2026-03-05 12:00+00'),
    -- past its time by a microsecond: its default counts
    ('d5', 'SESSION', 'uniform',  '{a,b}', 'b', 0.2, '2026-03-05 12:00+00', 0.75, '2026-03-16 11:59:59.999999+00', NULL, NULL),
    -- at its time, without a default, rewarded too late to be known, and decided later
    ('d6', 'SESSION', 'thompson', '{a,b}', 'b', 0.5, '2026-03-06 12:00+00', 0.9,  '2026-03-16 12:00+00', NULL, NULL),
    ('d7', 'SESSION', 'thompson', '{a,b,c}', 'b', 0.5, '2026-03-07 12:00+00', NULL, '2026-03-14 12:00+00', NULL, NULL),
    ('d8', 'SESSION', 'thompson', '{a,b}', 'b', 0.5, '2026-03-16 12:00+00', NULL, '2026-03-17 12:00+00', 1,    '2026-03-16 12:00:00.000001+00'),
    ('d9', 'SESSION', 'thompson', '{a,b}', 'b', 0.5, '2026-03-16 12:00:00.000001+00', 1, '2026-03-17 12:00+00', 1, '2026-03-16 12:00:00.000001+00'),
    ('e1', 'CONTENT', 'thompson', '{x,y}', 'x', 0.5, '2000-01-01 00:00+00', NULL, '2026-03-08 12:00+00', 0.5,  '2026-03-02 12:00+00'),
    ('e2', 'CONTENT', 'thompson', '{x,y}', 'x', 0.5, '2026-03-02 12:00+00', NULL, '2026-03-08 12:00+00', 0.51, '2026-03-02 12:00+00'),
    ('f1', 'MISSION', 'epsilon_greedy', '{q,p}', 'q', 0.5, '2026-03-02 12:00+00', 0.3, '2026-03-18 12:00+00', NULL, NULL)) AS v (id, context, policy, arms, arm, propensity, decided_at, default_reward, due, reward, rewarded_at);
INSERT INTO btwin.decision (user_id, id, context, policy, policy_version, arms, arm, propensity, propensities, reward_due_at) VALUES ('bob', 'd1', 'SESSION', 'uniform', '1', '{a,z}', 'z', 0.5, '{0.5,0.5}', now());
CREATE FUNCTION pg_temp.row(context_is text, arm text, method_is text DEFAULT 'btwin', policy_is text DEFAULT NULL, as_of timestamptz DEFAULT '2026-03-16 12:00+00') RETURNS text LANGUAGE sql AS $$
SELECT concat_ws(' ', s.pulls || '=' || s.rewarded || '+' || s.defaulted || '+' || s.pending, coalesce(round(s.mean_reward::numeric, 6)::text, s.reason), '|', round(s.posterior_alpha::numeric, 6), round(s.posterior_beta::numeric, 6), round(s.posterior_mean::numeric, 6), round(s.posterior_low::numeric, 6), round(s.posterior_high::numeric, 6),
                 '|', round(s.probability_best::numeric, 6), '|', coalesce(round(s.off_policy_value::numeric, 6)::text, '-'), coalesce(round(s.off_policy_low::numeric, 6)::text, '-'), coalesce(round(s.off_policy_high::numeric, 6)::text, '-'),
                 '|', round(s.regret::numeric, 6), round(s.confidence::numeric, 6), s.evidence_count)
FROM btwin_api.strategy_performance(NULL, context_is, policy_is, method_is, as_of) s WHERE s.arm = "row".arm
$$;
-- a: 1, 0, 1: Beta(3, 2), its quantiles 0.194120 and 0.932414 (tables). b: 0.25 and the default 0.75: Beta(2, 2), 0.094299 and 0.905701. c: Beta(1, 1).
-- Best of three: a: 12 (3/6 - 5/7 + 2/8) = 0.428571, b: 6 (4/6 - 7/7 + 3/8) = 0.25, c the rest 0.321429.
-- Always a: weights 2, 1.25, 2.5: 4.5/5.75 = 0.782609; standard error sqrt(4 * 0.047259 + 1.5625 * 0.612476 + 6.25 * 0.047259)/5.75 = 0.208797, +- 0.409235: 0.373374 to 1.19, above 1.
-- Always b: weights 2, 5: 4.25/7 = 0.607143; sqrt(0.510204 + 0.510204)/7 = 0.144308, +- 0.282838: 0.324305 to 0.889980.
-- Regret of b: 2 (0.6 - 0.5). Confidence: 1 - 0.738294/0.95 = 0.222848, 1 - 0.811401/0.95 = 0.145893; 0 without a reward.
SELECT is(pg_temp.row('SESSION', 'a'), '3=3+0+0 0.666667 | 3.000000 2.000000 0.600000 0.194120 0.932414 | 0.428571 | 0.782609 0.373374 1.000000 | 0.000000 0.222849 3', 'an arm with three rewards');
SELECT is(pg_temp.row('SESSION', 'b'), '5=1+1+3 0.500000 | 2.000000 2.000000 0.500000 0.094299 0.905701 | 0.250000 | 0.607143 0.324305 0.889980 | 0.200000 0.145893 2', 'one with a default reward; what is due only now, has no default, or was rewarded later is pending');
SELECT is(pg_temp.row('SESSION', 'c'), '0=0+0+0 no_outcome | 1.000000 1.000000 0.500000 0.025000 0.975000 | 0.321429 | - - - | 0.000000 0.000000 0', 'an arm that was never tried is no worse than its prior');
SELECT is((SELECT string_agg(s.context || ' ' || s.arm, ', ') FROM btwin_api.strategy_performance(as_of => :t) s), 'CONTENT x, CONTENT y, MISSION p, MISSION q, SESSION a, SESSION b, SESSION c', 'by context, the best first, ties by name');
SELECT is((SELECT string_agg(s.context || ' ' || s.arm, ', ') FROM btwin_api.strategy_performance(policy_is => 'uniform', as_of => :t) s), 'SESSION a, SESSION b', 'of one policy');
SELECT is((SELECT string_agg(s.context || ' ' || s.arm, ', ') FROM btwin_api.strategy_performance(context_is => 'MISSION', as_of => :t) s), 'MISSION p, MISSION q', 'of one context, without any reward');
SELECT is(pg_temp.row('MISSION', 'q'), '1=0+0+1 no_outcome | 1.000000 1.000000 0.500000 0.025000 0.975000 | 0.500000 | - - - | 0.000000 0.000000 0', 'pending alone');
SELECT is(pg_temp.row('SESSION', 'b', policy_is => 'uniform'), '2=1+1+0 0.500000 | 2.000000 2.000000 0.500000 0.094299 0.905701 | 0.500000 | 0.607143 0.324305 0.889980 | 0.000000 0.145893 2', 'against an untried arm as good: one half');
SELECT is((SELECT last_used_at FROM btwin_api.strategy_performance(context_is => 'SESSION', as_of => :t) WHERE arm = 'b'), '2026-03-16 12:00+00', 'last used');
-- as of: d1 was rewarded at the moment; a microsecond before, its default 0.1 counts; d8 was not decided, d5 due
SELECT is((SELECT concat(s.pulls, ' ', s.rewarded, ' ', s.defaulted, ' ', s.pending, ' ', round(s.posterior_alpha::numeric, 6)) FROM btwin_api.strategy_performance(context_is => 'SESSION', as_of => '2026-03-16 11:59:59.999999+00') s WHERE s.arm = 'a'), '3 2 1 0 2.100000', 'before a reward was known, its default');
SELECT is((SELECT concat(s.pulls, ' ', s.rewarded, ' ', s.defaulted, ' ', s.pending, ' ', round(s.posterior_alpha::numeric, 6)) FROM btwin_api.strategy_performance(context_is => 'SESSION', as_of => '2026-03-16 11:59:59.999999+00') s WHERE s.arm = 'b'), '4 1 0 3 1.250000', 'at its time a default does not count yet');
SELECT is((SELECT concat(s.pulls, ' ', s.rewarded, ' ', s.defaulted, ' ', s.pending) FROM btwin_api.strategy_performance(context_is => 'SESSION', as_of => '2026-03-16 12:00:00.000001+00') s WHERE s.arm = 'b'), '6 3 2 1', 'a microsecond later all is there');
-- x: 0.5 and 0.51. btwin: Beta(2.01, 1.99); epic5: a failure and a success, Beta(2, 2), confidence 0.6/(1 + e^2.3) = 0.054674.
-- Always x: 0.505, standard error sqrt(2 * 4 * 0.000025)/4 = 0.003536, +- 0.006930
SELECT is((SELECT concat_ws(' ', round(s.posterior_alpha::numeric, 6), round(s.posterior_beta::numeric, 6), s.method, s.version, s.computed_for = :t, s.reason) FROM btwin_api.strategy_performance(context_is => 'CONTENT', as_of => :t) s WHERE s.arm = 'x'), '2.010000 1.990000 btwin bandit-1 t', 'rewards as they are');
SELECT is(pg_temp.row('CONTENT', 'x', 'epic5'), '2=2+0+0 0.505000 | 2.000000 2.000000 0.500000 0.094299 0.905701 | 0.500000 | 0.505000 0.498070 0.511930 | 0.000000 0.054674 2', 'and in steps');
SELECT is((SELECT concat_ws(' ', s.method, s.version) FROM btwin_api.strategy_performance(context_is => 'CONTENT', method_is => 'epic5', as_of => :t) s WHERE s.arm = 'x'), 'epic5 epic5-1', 'which says so');

-- 0 and 1 with the same weight: 0.5 +- 1.959964 sqrt(2 * 4 * 0.25)/4 = 0.692952: from below 0 to above 1
INSERT INTO btwin.decision (user_id, id, context, policy, policy_version, arms, arm, propensity, propensities, decided_at, reward_due_at, reward, reward_kind, rewarded_at)
SELECT 'ann', 'g' || g, 'ASSESSMENT', 'uniform', '1', '{m,n}', 'm', 0.5, '{0.5,0.5}', '2026-03-02 12:00+00', '2026-03-08 12:00+00', g, 'GIVEN', '2026-03-03 12:00+00' FROM generate_series(0, 1) g;
SELECT is((SELECT concat_ws(' ', s.off_policy_value, s.off_policy_low, s.off_policy_high) FROM btwin_api.strategy_performance(context_is => 'ASSESSMENT', as_of => :t) s WHERE s.arm = 'm'), '0.5 0 1', 'the interval ends where rewards end');

-- experiments

CREATE FUNCTION pg_temp.r(id text DEFAULT 'e1', metric text DEFAULT 'retention', at timestamptz DEFAULT '2026-03-16 12:00+00') RETURNS jsonb LANGUAGE sql AS $$SELECT btwin_api.experiment_result(id, metric, at)$$;
INSERT INTO personalization_preferences (id, user_id) VALUES ('p1', 'ann');
INSERT INTO personalization_experiments (id, user_id, preferences_id, experiment_name, context, variants, status, start_date, end_date, completed_at) VALUES
    ('e1', 'ann', 'p1', 'first', 'SESSION', '{"variants": [{"variantId": "A", "name": "as before", "config": {}, "weight": 0.5}, {"variantId": "B", "name": "new", "config": {}, "weight": 0.5}]}', 'ACTIVE', '2026-03-02 12:00+00', '2026-04-02 12:00+00', NULL),
    ('e2', 'ann', 'p1', 'empty', 'SESSION', '"{\"variants\": [{\"variantId\": \"A\"}, {\"variantId\": \"B\"}]}"', 'DRAFT', '2026-03-20 12:00+00', '2026-04-02 12:00+00', NULL),
    ('e3', 'ann', 'p1', 'nothing', 'SESSION', '{}', 'CANCELLED', '2026-03-20 12:00+00', '2026-04-02 12:00+00', NULL);
SELECT is((SELECT string_agg(pg_temp.refusal(format('SELECT btwin_api.experiment_result(%s)', a)), ', ' ORDER BY n)
           FROM unnest(ARRAY['', '''e1'', metric => NULL', '''e1'', metric => ''x''', '''e1'', as_of => ''infinity''', '''nothing''', '''e1''']) WITH ORDINALITY AS u (a, n)),
          'PT400 missing_argument experiment_id, PT400 missing_argument metric, PT400 not_allowed_value metric, PT400 out_of_range as_of, PT404 unknown_id, accepted', 'refusals');
SELECT is(pg_temp.r('e2') #- '{difference}', '{"id": "e2", "experiment_name": "empty", "status": "INSUFFICIENT_DATA", "metric": "retention", "arms": [{"variant_id": "A", "name": null, "n": 0, "mean": null, "sd": null}, {"variant_id": "B", "name": null, "n": 0, "mean": null, "sd": null}], "p_value": null, "degrees_of_freedom": null, "effect_size": {"value": null, "low": null, "high": null}, "sample_ratio": {"p_value": null, "ok": null}, "sequential": {"low": null, "high": null, "stop": false}, "winner": null, "improvement_percent": null, "requirements": {"participants_needed": 40, "days_needed": 14}}'::jsonb, 'nobody takes part; variants as the reference writes them');
SELECT is(pg_temp.r('e2') -> 'difference' ->> 'reason' || ' ' || (pg_temp.r('e3') ->> 'status') || ' ' || (pg_temp.r('e3') -> 'arms')::text || ' ' || (pg_temp.r('e3') #>> '{requirements,participants_needed}') || ' ' || (pg_temp.r('e3') #>> '{difference,evidence_count}'), 'insufficient_data CANCELLED [] 40 0', 'no variants');
INSERT INTO experiment_assignments (id, user_id, experiment_id, variant_id, assigned_at) VALUES ('sann', 'ann', 'e2', 'A', '2026-03-03 12:00+00');
-- 2 (0.5^2)/0.5 = 1
SELECT is(round((pg_temp.r('e2') #>> '{sample_ratio,p_value}')::numeric, 6), 0.317311, 'one learner takes part');
-- A: twenty learners of 0.5 and 0.7 by turns, B: nineteen of 0.4 and 0.6
INSERT INTO users (id) SELECT v || g FROM generate_series(1, 60) g, unnest('{a,b}'::text[]) v;
INSERT INTO experiment_assignments (id, user_id, experiment_id, variant_id, assigned_at, metrics) SELECT 's' || v || g, v || g, 'e1', upper(v), '2026-03-03 12:00+00', jsonb_build_object('satisfaction', CASE v WHEN 'a' THEN 4 + g % 2 ELSE 3 + g % 2 END) FROM generate_series(1, 20) g, unnest('{a,b}'::text[]) v WHERE v || g <> 'b20';
-- two outcomes of a learner are one observation, their mean; before the assignment, of another context, of nothing: not counted
INSERT INTO personalization_outcomes (id, user_id, outcome_type, context, timestamp, retention_score, performance_score, completion_rate)
SELECT 'o' || v || g || x, v || g, 'SESSION_COMPLETED', 'SESSION', '2026-03-03 12:00+00'::timestamptz + x * interval '1 day', CASE v WHEN 'a' THEN 0.5 ELSE 0.4 END + 0.2 * (g % 2) + 0.1 * (2 * x - 1), 0.4 + 0.1 * (g % 2) + CASE v WHEN 'a' THEN 0.1 ELSE 0 END, 0.5
FROM generate_series(1, 20) g, unnest('{a,b}'::text[]) v, generate_series(0, 1) x;
INSERT INTO personalization_outcomes (id, user_id, outcome_type, context, timestamp, retention_score) VALUES
    ('z1', 'a1', 'SESSION_COMPLETED', 'SESSION', '2026-03-03 11:59:59.999999+00', 0), ('z2', 'a1', 'SESSION_COMPLETED', 'MISSION', '2026-03-05 12:00+00', 0), ('z3', 'a1', 'SESSION_COMPLETED', 'SESSION', '2026-03-05 12:00+00', NULL), ('z4', 'a1', 'SESSION_COMPLETED', 'SESSION', '2026-03-16 12:00:00.000001+00', 0);
SELECT is(concat_ws(' ', pg_temp.r() ->> 'status', pg_temp.r() -> 'requirements', pg_temp.r() #> '{arms,1}', pg_temp.r() #>> '{difference,reason}', pg_temp.r() #>> '{difference,evidence_count}', round((pg_temp.r() #>> '{sample_ratio,p_value}')::numeric, 6)),
          'INSUFFICIENT_DATA {"days_needed": 0, "participants_needed": 1} {"n": 19, "sd": null, "mean": null, "name": "new", "variant_id": "B"} insufficient_data 39 0.872780', 'nineteen are too few: no mean is shown');
-- the twentieth is assigned at the moment and has its outcome then; one who is not to be counted and one who is not analysed do not make it twenty
INSERT INTO experiment_assignments (id, user_id, experiment_id, variant_id, assigned_at) VALUES ('sshy', 'shy', 'e1', 'B', '2026-03-03 12:00+00'), ('soff', 'off', 'e1', 'B', '2026-03-03 12:00+00'), ('sc', 'ann', 'e1', 'C', '2026-03-03 12:00+00');
INSERT INTO personalization_outcomes (id, user_id, outcome_type, context, timestamp, retention_score) VALUES ('z5', 'shy', 'SESSION_COMPLETED', 'SESSION', '2026-03-05 12:00+00', 0.5), ('z6', 'off', 'SESSION_COMPLETED', 'SESSION', '2026-03-05 12:00+00', 0.5);
SELECT is(pg_temp.r() #>> '{requirements,participants_needed}', '1', 'who is not to be counted is not');
INSERT INTO experiment_assignments (id, user_id, experiment_id, variant_id, assigned_at, metrics) VALUES ('sb20', 'b20', 'e1', 'B', '2026-03-16 12:00+00', '{"satisfaction": 3}');
INSERT INTO personalization_outcomes (id, user_id, outcome_type, context, timestamp, retention_score, performance_score, completion_rate) VALUES ('z7', 'b20', 'SESSION_COMPLETED', 'SESSION', '2026-03-16 12:00+00', 0.4, 0.4, 0.5);
CREATE FUNCTION pg_temp.shown(id text DEFAULT 'e1', metric text DEFAULT 'retention', at timestamptz DEFAULT '2026-03-16 12:00+00') RETURNS text LANGUAGE sql AS $$
SELECT concat_ws(' ', r ->> 'status', (SELECT string_agg(concat(a ->> 'variant_id', ':', a ->> 'n', ':', round((a ->> 'mean')::numeric, 6), ':', round((a ->> 'sd')::numeric, 6)), ' ') FROM jsonb_array_elements(r -> 'arms') a),
                 '|', coalesce(round((r #>> '{difference,value}')::numeric, 6)::text, r #>> '{difference,reason}'), round((r #>> '{difference,low}')::numeric, 6), round((r #>> '{difference,high}')::numeric, 6), 'p', round((r ->> 'p_value')::numeric, 6), 'df', round((r ->> 'degrees_of_freedom')::numeric, 6),
                 '|', round((r #>> '{effect_size,value}')::numeric, 6), round((r #>> '{effect_size,low}')::numeric, 6), round((r #>> '{effect_size,high}')::numeric, 6),
                 '|', round((r #>> '{sequential,low}')::numeric, 6), round((r #>> '{sequential,high}')::numeric, 6), r #>> '{sequential,stop}', '|', r ->> 'winner', round((r ->> 'improvement_percent')::numeric, 6))
FROM (SELECT pg_temp.r(id, metric, at)) AS x (r)
$$;
-- Sample variance 20 * 0.01/19 = 0.010526, standard error sqrt(0.010526/10) = 0.032444, t = 3.082207 of 38 degrees: p = 0.003813, t(0.05) = 2.024394, half 0.065680.
-- d = 0.1/0.102598 = 0.974679, its error sqrt(40/400 + 0.95/80) = 0.334477 (times 1.959964).
-- Mixture: V = 0.00105263, m = 0.01: sqrt(2 V (V + m)/m (ln 20 + ln(10.5)/2)) = 0.098521: below 0.1, stop. 0.1/0.5 is 20 %.
SELECT is(pg_temp.shown(), 'ACTIVE A:20:0.600000:0.102598 B:20:0.500000:0.102598 | 0.100000 0.034320 0.165680 p 0.003813 df 38.000000 | 0.974679 0.319116 1.630243 | 0.001479 0.198521 true | A 20.000000', 'two arms of twenty: Welch, effect, always-valid interval, winner');
SELECT is(concat_ws(' ', pg_temp.r() #>> '{difference,reasons,0}', pg_temp.r() #>> '{difference,evidence_count}', pg_temp.r() #>> '{difference,confidence}', pg_temp.r() #>> '{difference,version}', pg_temp.r() -> 'sample_ratio'), 'mean of A less mean of B 40 0.8 experiment-1 {"ok": true, "p_value": 1}', 'what it is made of');
SELECT is(pg_temp.shown(at => '2026-03-16 11:59:59.999999+00'), 'INSUFFICIENT_DATA A:20:: B:19:: | insufficient_data p df | | false |', 'before the last one, and before fourteen days');
SELECT is(pg_temp.r(at => '2026-03-16 11:59:59.999999+00') #>> '{requirements,days_needed}', '1', 'a part of a day is none');
-- satisfaction: 4 and 5 against 3 and 4, m = 0.16: half 0.493540
SELECT is(pg_temp.shown(metric => 'satisfaction'), 'ACTIVE A:20:4.500000:0.512989 B:20:3.500000:0.512989 | 1.000000 0.671600 1.328400 p 0.000000 df 38.000000 | 1.949359 1.196620 2.702097 | 0.506460 1.493540 true | A 28.571429', 'satisfaction, from the assignments');
SELECT is(split_part(pg_temp.shown(metric => 'performance'), ' |', 1), 'ACTIVE A:20:0.550000:0.051299 B:20:0.450000:0.051299', 'performance');
SELECT is(pg_temp.shown(metric => 'completion_rate'), 'ACTIVE A:20:0.500000:0.000000 B:20:0.500000:0.000000 | zero_variance p df | | false |', 'nothing varies');
-- the mean of two rows of 0.7 is 0.7 to the last digit or next to it; what varies by a hundred millionth varies
UPDATE personalization_outcomes SET completion_rate = CASE WHEN user_id ~ '^a' THEN 0.7 ELSE 0.1 END;
SELECT is(pg_temp.shown(metric => 'completion_rate'), 'ACTIVE A:20:0.700000:0.000000 B:20:0.100000:0.000000 | zero_variance p df | | false |', 'rounding is no variance');
UPDATE personalization_outcomes SET completion_rate = completion_rate + 1e-8 * (right(user_id, 1)::int % 2) WHERE user_id ~ '[0-9]$';
SELECT is(pg_temp.r(metric => 'completion_rate') ->> 'winner', 'A', 'a little is');
-- 0.09 apart: p = 0.0085 is small, yet who looks every day cannot stop; at its end it is enough
UPDATE personalization_outcomes SET retention_score = retention_score + 0.01 WHERE user_id ~ '^b[0-9]';
SELECT is(pg_temp.shown(), 'ACTIVE A:20:0.600000:0.102598 B:20:0.510000:0.102598 | 0.090000 0.024320 0.155680 p 0.008537 df 38.000000 | 0.877211 0.228292 1.526131 | -0.008521 0.188521 false |', 'not yet');
UPDATE personalization_experiments SET end_date = '2026-03-16 12:00:00.000001+00' WHERE id = 'e1';
SELECT is(split_part(pg_temp.shown(), ' ', 1), 'ACTIVE', 'a microsecond before the end');
SELECT is(pg_temp.shown(at => '2026-03-16 12:00:00.000001+00'), 'COMPLETED A:20:0.600000:0.102598 B:20:0.510000:0.102598 | 0.090000 0.024320 0.155680 p 0.008537 df 38.000000 | 0.877211 0.228292 1.526131 | -0.008521 0.188521 false | A 17.647059', 'at its end, before which all outcomes lie');
UPDATE personalization_experiments SET end_date = '2026-04-02 12:00+00', status = 'COMPLETED', completed_at = '2026-03-16 12:00:00.000001+00' WHERE id = 'e1';
SELECT is(split_part(pg_temp.shown(), ' ', 1), 'ACTIVE', 'not completed yet');
UPDATE personalization_experiments SET completed_at = '2026-03-16 12:00+00' WHERE id = 'e1';
SELECT is(split_part(pg_temp.shown(), ' ', 1) || ' ' || (pg_temp.r() ->> 'winner'), 'COMPLETED A', 'completed');
UPDATE personalization_experiments SET completed_at = NULL WHERE id = 'e1';
SELECT is(split_part(pg_temp.shown(), ' ', 1), 'COMPLETED', 'completed, nobody knows when');
-- 0.0655 apart: t = 2.018845, p = 0.0506; 0.0658: t = 2.028092, p = 0.0496
UPDATE personalization_outcomes SET retention_score = retention_score + 0.0245 WHERE user_id ~ '^b[0-9]';
SELECT is(concat_ws(' ', round((pg_temp.r() ->> 'p_value')::numeric, 4), coalesce(pg_temp.r() ->> 'winner', 'no winner')), '0.0506 no winner', 'just not');
UPDATE personalization_outcomes SET retention_score = retention_score - 0.0003 WHERE user_id ~ '^b[0-9]';
SELECT is(concat_ws(' ', round((pg_temp.r() ->> 'p_value')::numeric, 4), coalesce(pg_temp.r() ->> 'winner', 'no winner')), '0.0496 A', 'just so');
UPDATE personalization_outcomes SET retention_score = retention_score - 0.0342 WHERE user_id ~ '^b[0-9]';
-- arms change places: the difference its sign, the winner not
UPDATE personalization_experiments SET variants = '[{"variantId": "B", "name": "new"}, {"variantId": "A", "name": "as before"}]' WHERE id = 'e1';
SELECT is(pg_temp.shown(), 'COMPLETED B:20:0.500000:0.102598 A:20:0.600000:0.102598 | -0.100000 -0.165680 -0.034320 p 0.003813 df 38.000000 | -0.974679 -1.630243 -0.319116 | -0.198521 -0.001479 true | A 20.000000', 'the other way round, as a plain list without weights');
UPDATE personalization_experiments SET variants = '{"variants": [{"variantId": "A", "weight": 0.5}, {"variantId": "B", "weight": 0.5}]}', status = 'CANCELLED', completed_at = '2026-03-16 12:00:00.000001+00' WHERE id = 'e1';
SELECT is(split_part(pg_temp.shown(), ' ', 1), 'ACTIVE', 'cancelled later');
UPDATE personalization_experiments SET completed_at = '2026-03-16 12:00+00' WHERE id = 'e1';
SELECT is(split_part(pg_temp.shown(), ' ', 1), 'CANCELLED', 'cancelled');
UPDATE personalization_experiments SET status = 'ACTIVE', completed_at = NULL WHERE id = 'e1';
-- arms that are not as large as meant: 20 against 47 of equal weights, chi-square 729/67 = 10.880597, p = 0.000972; 42 more: 484/62 = 7.806452, p = 0.005206
INSERT INTO experiment_assignments (id, user_id, experiment_id, variant_id, assigned_at) SELECT 'sb' || g, 'b' || g, 'e1', 'B', '2026-03-03 12:00+00' FROM generate_series(21, 42) g;
SELECT is(concat_ws(' ', round((pg_temp.r() #>> '{sample_ratio,p_value}')::numeric, 6), pg_temp.r() #>> '{sample_ratio,ok}', pg_temp.r() ->> 'winner'), '0.005206 true A', 'twenty and forty-two');
INSERT INTO experiment_assignments (id, user_id, experiment_id, variant_id, assigned_at) SELECT 'sb' || g, 'b' || g, 'e1', 'B', '2026-03-03 12:00+00' FROM generate_series(43, 47) g;
SELECT is(concat_ws(' ', round((pg_temp.r() #>> '{sample_ratio,p_value}')::numeric, 6), pg_temp.r() #>> '{sample_ratio,ok}', pg_temp.r() ->> 'winner', pg_temp.r() #>> '{sequential,stop}'), '0.000972 false true', 'twenty and forty-seven: something is wrong, nobody wins');
DELETE FROM experiment_assignments WHERE id IN (SELECT 'sb' || g FROM generate_series(41, 47) g);
-- 20 and 40: as meant by weights of 1 and 2; 2.222222 away from 1 and 3, p = 0.136037; nothing can be said of a weight of 0
UPDATE personalization_experiments SET variants = '{"variants": [{"variantId": "A", "weight": 1}, {"variantId": "B", "weight": 2}]}' WHERE id = 'e1';
SELECT is(pg_temp.r() #>> '{sample_ratio,p_value}', '1', 'weights of 1 and 2');
-- 2 (10^2)/30 = 6.666667, p = 0.009823
UPDATE personalization_experiments SET variants = '{"variants": [{"variantId": "A", "weight": 1}, {"variantId": "B"}]}' WHERE id = 'e1';
SELECT is(round((pg_temp.r() #>> '{sample_ratio,p_value}')::numeric, 6), 0.009823, 'a weight that is not named is 1');
UPDATE personalization_experiments SET variants = '{"variants": [{"variantId": "A", "weight": 1}, {"variantId": "B", "weight": 3}]}' WHERE id = 'e1';
SELECT is(round((pg_temp.r() #>> '{sample_ratio,p_value}')::numeric, 6), 0.136037, 'weights of 1 and 3');
UPDATE personalization_experiments SET variants = '{"variants": [{"variantId": "A", "weight": 1}, {"variantId": "B", "weight": 0}]}' WHERE id = 'e1';
SELECT is(concat_ws(' ', pg_temp.r() #>> '{sample_ratio,p_value}', pg_temp.r() ->> 'winner'), '', 'a weight of 0');
-- 0.5447 and 0.4553: 32.682 meant of 60; 60 (12.682^2)/(32.682 * 27.318) = 10.809, p = 0.001010
UPDATE personalization_experiments SET variants = '{"variants": [{"variantId": "A", "weight": 0.5447}, {"variantId": "B", "weight": 0.4553}]}' WHERE id = 'e1';
SELECT is(concat_ws(' ', round((pg_temp.r() #>> '{sample_ratio,p_value}')::numeric, 6), pg_temp.r() #>> '{sample_ratio,ok}', pg_temp.r() ->> 'winner'), '0.001010 true A', 'just as meant');
-- one arm wider, one learner more: B 0.2 and 0.8 ten times each, and 0.5. df of Welch 24.819888, p = 0.161923 (by integration of the density)
DELETE FROM experiment_assignments WHERE id IN (SELECT 'sb' || g FROM generate_series(22, 40) g);
UPDATE personalization_experiments SET variants = '{"variants": [{"variantId": "A", "weight": 0.5}, {"variantId": "B", "weight": 0.5}]}' WHERE id = 'e1';
UPDATE personalization_outcomes SET retention_score = CASE WHEN substr(user_id, 2)::int % 2 = 0 THEN 0.2 ELSE 0.8 END WHERE user_id ~ '^b[0-9]';
INSERT INTO personalization_outcomes (id, user_id, outcome_type, context, timestamp, retention_score) VALUES ('z8', 'b21', 'SESSION_COMPLETED', 'SESSION', '2026-03-05 12:00+00', 0.5);
SELECT is(pg_temp.shown(), 'ACTIVE A:20:0.600000:0.102598 B:21:0.500000:0.300000 | 0.100000 -0.042920 0.242920 p 0.161923 df 24.819888 | 0.441588 -0.178198 1.061374 | -0.125208 0.325208 false |', 'arms of different width and size');
UPDATE personalization_outcomes SET retention_score = 0 WHERE user_id ~ '^b[0-9]';
SELECT is(concat_ws(' ', pg_temp.r() ->> 'winner', coalesce(pg_temp.r() ->> 'improvement_percent', 'over nothing')), 'A over nothing', 'nothing is no measure of improvement');
UPDATE personalization_outcomes SET retention_score = CASE WHEN user_id = 'b21' THEN 0.5 WHEN substr(user_id, 2)::int % 2 = 0 THEN 0.2 ELSE 0.8 END WHERE user_id ~ '^b[0-9]';
-- three arms are not compared; chi-square of two degrees of freedom: 20, 21, 1 of 14 each: (36 + 49 + 169)/14 = 18.142857, p = exp(-9.071429) = 0.000115
UPDATE personalization_experiments SET variants = '{"variants": [{"variantId": "A"}, {"variantId": "B"}, {"variantId": "C"}]}' WHERE id = 'e1';
SELECT is(concat_ws(' ', split_part(pg_temp.shown(), ' |', 1), pg_temp.r() #>> '{requirements,participants_needed}', round((pg_temp.r() #>> '{sample_ratio,p_value}')::numeric, 6)), 'INSUFFICIENT_DATA A:20:: B:21:: C:0:: 20 0.000115', 'three arms, one of them empty');
INSERT INTO experiment_assignments (id, user_id, experiment_id, variant_id, assigned_at) SELECT 'sc' || g, 'a' || g, 'e1', 'C', '2026-03-03 12:00+00' FROM generate_series(21, 40) g;
INSERT INTO personalization_outcomes (id, user_id, outcome_type, context, timestamp, retention_score) SELECT 'y' || g, 'a' || g, 'SESSION_COMPLETED', 'SESSION', '2026-03-05 12:00+00', 0.5 FROM generate_series(21, 40) g;
SELECT is(pg_temp.shown(), 'ACTIVE A:20:0.600000:0.102598 B:21:0.500000:0.300000 C:20:0.500000:0.000000 | not_measured p df | | false |', 'three arms of twenty: means alone');
UPDATE experiment_assignments SET metrics = '{"satisfaction": 5.01}' WHERE id = 'sa1';
UPDATE experiment_assignments SET metrics = '{"satisfaction": 0.99}' WHERE id = 'sa2';
SELECT is(pg_temp.r(metric => 'satisfaction') #>> '{arms,0,n}', '18', 'satisfaction is 1 to 5');
UPDATE experiment_assignments SET metrics = '{"satisfaction": 5}' WHERE id = 'sa1';
UPDATE experiment_assignments SET metrics = '{"satisfaction": 1}' WHERE id = 'sa2';
SELECT is(pg_temp.r(metric => 'satisfaction') #>> '{arms,0,n}', '20', 'both ends included');

-- a learner may not ask
CREATE ROLE btwin_api_bandit_learner;
GRANT USAGE ON SCHEMA btwin, btwin_api, public TO btwin_api_bandit_learner;
GRANT SELECT ON btwin.access, btwin.attachment, btwin.attached_object TO btwin_api_bandit_learner;
GRANT EXECUTE ON FUNCTION btwin_api.experiment_result(text, text, timestamptz) TO btwin_api_bandit_learner;
SELECT set_config('role', 'btwin_api_bandit_learner', false) \g /dev/null
SELECT pg_temp.refusal('SELECT btwin_api.experiment_result(''e1'')') AS refusal \gset
RESET ROLE;
SELECT is(:'refusal'::text, 'PT403 service_only', 'learners are refused');
DROP OWNED BY btwin_api_bandit_learner;
DROP ROLE btwin_api_bandit_learner;

-- reads: no write, no path needed
SELECT md5(concat(pg_temp.r(), (SELECT string_agg(s::text, '') FROM btwin_api.strategy_performance(as_of => :t) s))) AS before \gset
SET default_transaction_read_only = on;
SET search_path = '';
SELECT pg_catalog.md5(pg_catalog.concat(btwin_api.experiment_result('e1', as_of => :t), (SELECT pg_catalog.string_agg(s::pg_catalog.text, '') FROM btwin_api.strategy_performance(as_of => :t) s))) AS after \gset
RESET search_path;
RESET default_transaction_read_only;
SELECT is(:'after'::text, :'before', 'read-only, with an empty path, the same answers');
SELECT * FROM finish();
