-- bandit: type, aggregate, accessors, policies, errors
\set VERBOSITY default
SET search_path = '';
SET extra_float_digits = 0;

CREATE FUNCTION public.fault(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    state text; message text; detail text; hint text;
BEGIN
    EXECUTE statement;
    RETURN 'no error';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT,
        detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
    RETURN pg_catalog.format('%s: %s | %s | %s', state, message, detail, hint);
END $$;

CREATE TABLE public.pull (arm text, reward float8, day int);
-- a: 1, 0, 1 (mean 2/3); b: 0.25, 0.75 (mean 0.5, squared deviations 0.125)
INSERT INTO public.pull VALUES ('b', 0.25, 1), ('a', 1, 1), ('a', 0, 2), (NULL, 1, 2), ('b', NULL, 2), ('b', 0.75, 3), ('a', 1, 3);

\echo == text form, order of rows, empty states
SELECT btwin.bandit_agg(arm, reward) FROM public.pull;
SELECT btwin.bandit_agg(arm, reward ORDER BY reward)::text = btwin.bandit_agg(arm, reward ORDER BY reward DESC)::text AS same
FROM public.pull;
SELECT btwin.bandit_agg(arm, reward) IS NULL AS no_rows FROM public.pull WHERE false;
SELECT btwin.bandit_agg(arm, reward) AS only_nulls FROM public.pull WHERE arm IS NULL;
SELECT btwin.bandit_init('{z,a}');
SELECT btwin.bandit_agg(arm, reward)::jsonb -> 'arms' -> 1 FROM public.pull;

\echo == text and binary round trips are exact
SELECT bool_and(state::text::btwin.bandit::text = state::text) AS text_exact,
       bool_and(btwin.bandit_send(state::text::btwin.bandit) = btwin.bandit_send(state)) AS bytes_exact
FROM (VALUES (btwin.bandit_init('{}')),
             ((SELECT btwin.bandit_agg(v.arm, v.reward) FROM (VALUES ('"quoted" \ and '||chr(9)||' tab', 0.1), ('é', 1e-150), ('é', 1e150), ('third', 1.0/3)) v(arm, reward))),
             ((SELECT btwin.bandit_agg('arm'||g, g / 7.0) FROM pg_catalog.generate_series(1, 1000) g))) s(state);

\echo == accessors: expected values by hand
-- a: mean 2/3, sd = sqrt(2/3 / 2) = 0.577350; b: sd = sqrt(0.125) = 0.353553
SELECT arm, pulls, weight, round(mean_reward::numeric, 6) AS mean, round(sd_reward::numeric, 6) AS sd, min_reward, max_reward
FROM btwin.arms((SELECT btwin.bandit_agg(arm, reward) FROM public.pull));
-- a: alpha = 1 + 2, beta = 1 + 1: mean 0.6, variance 6 / (25 * 6) = 0.04;
-- 95 % interval of Beta(3, 2), scipy.stats.beta.ppf: 0.19412, 0.93241
SELECT alpha, beta, mean, round(variance::numeric, 9) AS variance, round(low::numeric, 5) AS low, round(high::numeric, 5) AS high, evidence_count
FROM btwin.posterior((SELECT btwin.bandit_agg(arm, reward) FROM public.pull), 'a');
SELECT alpha, beta, mean, evidence_count FROM btwin.posterior((SELECT btwin.bandit_agg(arm, reward) FROM public.pull), 'unknown', 2, 6);
-- prior 0.5 weighs 2/5, rewards 2/3 weigh 3/5: 0.2 + 0.4 = 0.6
SELECT factor, round(value::numeric, 6) AS value, weight, contribution
FROM btwin.contributions((SELECT btwin.bandit_agg(arm, reward) FROM public.pull), 'a');
-- means 0.6 and 0.5: regret = 2 * 0.1; against 0.7: 3 * 0.1 + 2 * 0.2 = 0.7
SELECT round(btwin.regret(s)::numeric, 9) AS regret, round(btwin.regret(s, 0.7)::numeric, 9) AS regret_known
FROM (SELECT btwin.bandit_agg(arm, reward) AS s FROM public.pull) x;
SELECT btwin.regret(btwin.bandit_init('{}')) AS no_arms;

\echo == weights, discount, adding, merging
SELECT btwin.bandit_agg(arm, reward, 2.0)::jsonb -> 'arms' -> 0 AS doubled FROM public.pull;
SELECT btwin.discount(btwin.bandit_agg(arm, reward), 0.5)::jsonb -> 'arms' -> 0 AS halved FROM public.pull;
SELECT btwin.bandit_add(btwin.bandit_agg(arm, reward) FILTER (WHERE day < 3), 'b', 0.75)::jsonb -> 'arms' -> 1
     = btwin.bandit_agg(arm, reward)::jsonb -> 'arms' -> 1 AS added FROM public.pull WHERE arm = 'b' OR day < 3;
SELECT btwin.rollup(s)::text = (SELECT btwin.bandit_agg(arm, reward)::text FROM public.pull) AS merged
FROM (SELECT btwin.bandit_agg(arm, reward) AS s FROM public.pull GROUP BY day UNION ALL SELECT NULL UNION ALL SELECT btwin.bandit_init('{}')) x;
SELECT day, btwin.regret(btwin.bandit_agg(arm, reward) OVER (ORDER BY day)) IS NOT NULL AS in_window FROM public.pull ORDER BY day, arm;

\echo == propensities against closed forms
-- no evidence: one third each
SELECT arm, round(propensity::numeric, 9) AS propensity FROM btwin.propensities(btwin.bandit_init('{a,b,c}'));
-- P(Beta(2,1) > Beta(1,1)) = E[X], X ~ Beta(2,1) = 2/3;
-- P(Beta(3,1) > Beta(1,2)) = integral 3x^2 (1 - (1-x)^2) dx = 3 (2/4 - 1/5) = 9/10
SELECT arm, round(propensity::numeric, 9) AS propensity
FROM btwin.propensities((SELECT btwin.bandit_agg(v.arm, v.reward) FROM (VALUES ('a', 1.0)) v(arm, reward)), arms => '{a,b}');
SELECT arm, round(propensity::numeric, 9) AS propensity
FROM btwin.propensities((SELECT btwin.bandit_agg(v.arm, v.reward) FROM (VALUES ('a', 1.0), ('a', 1), ('b', 0)) v(arm, reward)));
-- epsilon 0.3 over three arms, a best: 0.1 + 0.7, 0.1, 0.1
SELECT arm, round(propensity::numeric, 9) AS propensity
FROM btwin.propensities((SELECT btwin.bandit_agg(v.arm, v.reward) FROM (VALUES ('a', 1.0), ('b', 0), ('c', 0.5)) v(arm, reward)), 'epsilon_greedy', epsilon => 0.3);
-- decay 0.5 * 3 arms / 3 pulls = 0.5 above epsilon, 0.02 * 3 / 3 = 0.02 below the floor 0.06
SELECT d, arm, round(propensity::numeric, 9) AS propensity
FROM pg_catalog.unnest('{0.5,0.02}'::float8[]) d,
     btwin.propensities((SELECT btwin.bandit_agg(v.arm, v.reward) FROM (VALUES ('a', 1.0), ('b', 0), ('c', 0.5)) v(arm, reward)),
                        'epsilon_greedy', epsilon => 0.3, epsilon_decay => d, epsilon_floor => 0.06);
-- arms never pulled share the first pulls of the deterministic policies
SELECT p, string_agg(arm || ' ' || round(propensity::numeric, 3), ', ' ORDER BY arm) AS untried_first
FROM pg_catalog.unnest('{ucb,ucb1,kl_ucb,greedy,uniform}'::text[]) p,
     btwin.propensities((SELECT btwin.bandit_agg(v.arm, v.reward) FROM (VALUES ('a', 1.0)) v(arm, reward)), p, '{a,b,c}')
GROUP BY p ORDER BY p;
-- UCB1 after 4 pulls of a (mean 1/2) and 1 of b (mean 0): 0.5 + sqrt(2 ln 5 / 4) = 1.397 < 0 + sqrt(2 ln 5) = 1.794
SELECT p, arm FROM pg_catalog.unnest('{ucb1,greedy}'::text[]) p,
     btwin.propensities((SELECT btwin.bandit_agg(v.arm, v.reward) FROM (VALUES ('a', 1.0), ('a', 0), ('a', 1), ('a', 0), ('b', 0)) v(arm, reward)), p)
WHERE propensity = 1 ORDER BY p;

\echo == draws: frequency of the chosen arm matches its propensity (20,000 seeds, four standard errors)
SELECT p, bool_and(abs(frequency - propensity) < 4 * sqrt(propensity * (1 - propensity) / 20000) + 1e-9) AS matches
FROM (SELECT p, choice.arm, count(*) / 20000.0 AS frequency
      FROM (SELECT btwin.bandit_agg(arm, reward) AS s FROM public.pull) x,
           pg_catalog.unnest('{thompson,thompson_gaussian,epsilon_greedy,uniform}'::text[]) p,
           pg_catalog.generate_series(1, 20000) g,
           LATERAL btwin.select_arm(s, p, '{a,b,c}', seed => g) choice
      GROUP BY p, choice.arm) f
JOIN LATERAL (SELECT q.arm, q.propensity FROM btwin.propensities((SELECT btwin.bandit_agg(arm, reward) FROM public.pull), p, '{a,b,c}') q) q USING (arm)
GROUP BY p ORDER BY p;
SELECT count(DISTINCT c.arm) > 1 AS unseeded_draws_differ
FROM pg_catalog.generate_series(1, 100) g, LATERAL btwin.select_arm(btwin.bandit_init('{a,b,c}'), seed => CASE WHEN g < 0 THEN g END) c;

\echo == errors
SELECT public.fault(s) FROM (VALUES
    ($$SELECT btwin.bandit_agg('a', 'NaN')$$),
    ($$SELECT btwin.bandit_agg('a', '-Infinity')$$),
    ($$SELECT btwin.bandit_agg('', 1)$$),
    ($$SELECT btwin.bandit_agg(repeat('x', 256), 1)$$),
    ($$SELECT btwin.bandit_agg('a', 1, -1)$$),
    ($$SELECT btwin.bandit_agg('a', v) FROM (VALUES (1e308), (1e308)) x(v)$$),
    ($$SELECT btwin.bandit_agg('a' || g, 1) FROM generate_series(1, 1001) g$$),
    ($$SELECT btwin.bandit_init('{a,NULL}')$$),
    ($$SELECT btwin.bandit_init('{{a},{b}}')$$),
    ($$SELECT btwin.select_arm(NULL)$$),
    ($$SELECT btwin.select_arm(btwin.bandit_init('{a}'), 'softmax')$$),
    ($$SELECT btwin.select_arm(btwin.bandit_init('{a}'), arms => '{a,a}')$$),
    ($$SELECT btwin.select_arm(btwin.bandit_init('{a}'), epsilon => 1.5)$$),
    ($$SELECT btwin.select_arm(btwin.bandit_init('{a}'), epsilon => NULL)$$),
    ($$SELECT btwin.select_arm(btwin.bandit_init('{a}'), prior_alpha => 0)$$),
    ($$SELECT btwin.select_arm(btwin.bandit_agg('a', 7))$$),
    ($$SELECT btwin.posterior(btwin.bandit_agg('a', 7), 'a')$$),
    ($$SELECT btwin.discount(btwin.bandit_init('{a}'), 1.1)$$),
    ($$SELECT btwin.bandit_simulate('{0.5,1.5}')$$),
    ($$SELECT btwin.bandit_simulate('{0.5}', rounds => '{10,10}')$$),
    ($$SELECT ''::btwin.bandit$$),
    ($$SELECT '{"family": "pattern", "version": 1, "arms": []}'::btwin.bandit$$),
    ($$SELECT '{"family": "bandit", "version": 2, "arms": []}'::btwin.bandit$$),
    ($$SELECT '{"family": "bandit", "version": 1, "arms": []} x'::btwin.bandit$$),
    ($$SELECT '{"family": "bandit", "version": 1, "arms": [{"arm": "b", "pulls": 0, "weight": 0, "sum": 0, "squared_deviations": 0, "min": 0, "max": 0}, {"arm": "a", "pulls": 0, "weight": 0, "sum": 0, "squared_deviations": 0, "min": 0, "max": 0}]}'::btwin.bandit$$),
    ($$SELECT '{"family": "bandit", "version": 1, "arms": [{"arm": "a", "pulls": 1, "weight": 1, "sum": 5, "squared_deviations": 0, "min": 0, "max": 1}]}'::btwin.bandit$$),
    ($$SELECT '{"family": "bandit", "version": 1, "arms": [{"arm": "a", "pulls": 1, "weight": 1e999, "sum": 0, "squared_deviations": 0, "min": 0, "max": 1}]}'::btwin.bandit$$),
    ($$SELECT '{"family": "bandit", "version": 1, "arms": [{"arm": "a", "pulls": 1.5}]}'::btwin.bandit$$)
) x(s);

DROP FUNCTION public.fault;
DROP TABLE public.pull;
