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

-- weights 0, 0.005, 1 and 1.01: a mean from any weight, a deviation from a weight above 1:
-- d has mean 1/1.01 = 0.990099 and squared deviations 0.01/1.01 = 0.009901, its sd is sqrt(0.009901 / 0.01) = 0.995037
SELECT arm, pulls, weight, round(mean_reward::numeric, 6) AS mean, round(sd_reward::numeric, 6) AS sd
FROM btwin.arms((SELECT btwin.bandit_agg(v.arm, v.reward, v.weight)
                 FROM (VALUES ('a', 1.0, 0.0), ('b', 0.5, 0.005), ('c', 1, 1), ('d', 1, 1), ('d', 0, 0.01)) v(arm, reward, weight)));
SELECT w, round(value::numeric, 6) AS value FROM pg_catalog.unnest('{0,0.005}'::float8[]) w,
       btwin.contributions((SELECT btwin.bandit_agg(v.arm, 0.5, w) FROM (VALUES ('a')) v(arm)), 'a') WHERE factor = 'rewards';
-- what no longer counts leaves plain zeros, also where only the weight underflows: 1e-300 * 1e-25 is 0, 1e-295 * 1e-25 is not
SELECT btwin.discount(btwin.bandit_agg('a', -1), 0)::jsonb -> 'arms' -> 0 AS forgotten;
SELECT btwin.discount(btwin.bandit_agg('a', 1e5, 1e-300), 1e-25)::text::btwin.bandit::jsonb -> 'arms' -> 0 AS underflown;
-- a weight without digits is none, the smallest with all of them stays; a reward may vanish in its weight
SELECT (SELECT (btwin.discount(btwin.bandit_agg(a, 0.5), f)::text::btwin.bandit::jsonb #>> '{arms,0,weight}')::float8 FROM (VALUES ('a')) AS v (a)) AS weight FROM pg_catalog.unnest('{5e-324,2.2e-308,2.2250738585072014e-308}'::float8[]) AS f;
SELECT btwin.bandit_agg('a', 1e-200, 1e-150)::text::btwin.bandit::jsonb #> '{arms,0,sum}' AS vanished;
SELECT btwin.bandit_agg('a', x, 1e-150)::text::btwin.bandit IS NOT NULL AS readable FROM pg_catalog.unnest('{1e-80,2e-80}'::float8[]) AS x;

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

-- half a hundredth of a reward is evidence: a is tried, b is better
SELECT arm FROM btwin.propensities((SELECT btwin.bandit_agg(v.arm, v.reward, v.weight) FROM (VALUES ('a', 0.0, 0.005), ('b', 0.5, 1)) v(arm, reward, weight)), 'greedy')
WHERE propensity = 1;

\echo == draws: frequency of the chosen arm matches its propensity (4,000 seeds, four standard errors)
SELECT p, bool_and(abs(frequency - propensity) < 4 * sqrt(propensity * (1 - propensity) / 4000) + 1e-9) AS matches
FROM (SELECT p, choice.arm, count(*) / 4000.0 AS frequency
      FROM (SELECT btwin.bandit_agg(arm, reward) AS s FROM public.pull) x,
           pg_catalog.unnest('{thompson,thompson_gaussian,epsilon_greedy,uniform}'::text[]) p,
           pg_catalog.generate_series(1, 4000) g,
           LATERAL btwin.select_arm(s, p, '{a,b,c}', seed => g) choice
      GROUP BY p, choice.arm) f
JOIN LATERAL (SELECT q.arm, q.propensity FROM btwin.propensities((SELECT btwin.bandit_agg(arm, reward) FROM public.pull), p, '{a,b,c}') q) q USING (arm)
GROUP BY p ORDER BY p;
-- arms with a propensity of 1/200 are drawn too: 300 draws of 200 arms miss 200 (1 - 1/200)^300 = 44 of them
SELECT abs(count(DISTINCT c.arm) - 156) < 30 AS rare_arms_drawn
FROM pg_catalog.generate_series(1, 300) g,
     LATERAL btwin.select_arm(btwin.bandit_init((SELECT pg_catalog.array_agg('arm' || a) FROM pg_catalog.generate_series(1, 200) a)), 'uniform', seed => g) c;
SELECT count(DISTINCT c.arm) > 1 AS unseeded_draws_differ
FROM pg_catalog.generate_series(1, 100) g, LATERAL btwin.select_arm(btwin.bandit_init('{a,b,c}'), seed => CASE WHEN g < 0 THEN g END) c;

\echo == simulation: arms that always and never pay, UCB1 step by step
-- regret is how often b was pulled
CREATE FUNCTION public.pulls_of_the_worse(rounds int) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
    a float8 := 1; b float8 := 1;    -- both are tried first
BEGIN
    FOR t IN 3 .. rounds LOOP
        IF 1 + sqrt(2 * ln(a + b) / a) > sqrt(2 * ln(a + b) / b) THEN a := a + 1; ELSE b := b + 1; END IF;
    END LOOP;
    RETURN b;
END $$;
SELECT round, regret, regret = public.pulls_of_the_worse(round) AS as_derived
FROM btwin.bandit_simulate('{1,0}', 'ucb1', '{100,1000,3000}', seed => 1);
DROP FUNCTION public.pulls_of_the_worse;

\echo == defaults: epsilon 0.1 without decay or floor, prior Beta(1, 1), rounds 100, 1000, 10000
SELECT p, (SELECT pg_catalog.array_agg(q ORDER BY q.arm) FROM btwin.propensities(s, p) q)
        = (SELECT pg_catalog.array_agg(q ORDER BY q.arm) FROM btwin.propensities(s, p, NULL, 0.1, NULL, 0, 1, 1) q) AS propensities,
       btwin.select_arm(s, p, seed => 1) = btwin.select_arm(s, p, NULL, 0.1, NULL, 0, 1, 1, 1) AS choice,
       (SELECT pg_catalog.array_agg(r ORDER BY r.round) FROM btwin.bandit_simulate('{0.6,0.5}', p, '{500}', seed => 2) r)
        = (SELECT pg_catalog.array_agg(r ORDER BY r.round) FROM btwin.bandit_simulate('{0.6,0.5}', p, '{500}', 0.1, NULL, 0, 1, 1, 2) r) AS simulation
FROM (SELECT btwin.bandit_agg(arm, reward) AS s FROM public.pull) x, pg_catalog.unnest('{thompson,epsilon_greedy}'::text[]) p;
SELECT pg_catalog.array_agg(round ORDER BY round) AS rounds FROM btwin.bandit_simulate('{1,0}', 'ucb1');

\echo == parallel, partitionwise and serial plans agree
CREATE TABLE public.many (learner int, arm text, reward float8) PARTITION BY HASH (learner);
CREATE TABLE public.many0 PARTITION OF public.many FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE public.many1 PARTITION OF public.many FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO public.many SELECT g % 5, 'arm ' || g % 4, (g % 8) / 8.0 FROM pg_catalog.generate_series(1, 20000) g;
ANALYZE public.many;
SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0; SET max_parallel_workers_per_gather = 2;
CREATE FUNCTION public.plan_has(statement text, wanted text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    line text;
    found boolean := false;
BEGIN
    FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || statement LOOP
        found := found OR line LIKE '%' || wanted || '%';
    END LOOP;
    RETURN found;
END $$;
-- eighths add exactly, so that every plan must give the same bytes
CREATE TEMP TABLE serial AS SELECT learner, btwin.bandit_agg(arm, reward)::text AS s FROM public.many WHERE false GROUP BY learner;
SET max_parallel_workers_per_gather = 0;
INSERT INTO pg_temp.serial SELECT learner, btwin.bandit_agg(arm, reward)::text FROM public.many GROUP BY learner
    UNION ALL SELECT -1, btwin.bandit_agg(arm, reward)::text FROM public.many
    UNION ALL SELECT -2, btwin.bandit_agg(arm, reward) FILTER (WHERE learner = 3)::text FROM public.many;
SET max_parallel_workers_per_gather = 2;
SELECT public.plan_has('SELECT btwin.bandit_agg(arm, reward) FROM public.many', 'Partial Aggregate') AS partial,
       public.plan_has('SELECT btwin.bandit_agg(arm, reward, 1) FROM public.many', 'Partial Aggregate') AS partial_weighted;
CREATE FUNCTION public.same(expected int, statement text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    found jsonb;
BEGIN
    EXECUTE statement INTO found;
    -- sums of eighths are exact; squared deviations may differ in the last digit
    RETURN (SELECT pg_catalog.bool_and((f ->> 'pulls') = (e ->> 'pulls') AND (f ->> 'sum') = (e ->> 'sum') AND (f ->> 'min') = (e ->> 'min')
                   AND abs((f ->> 'squared_deviations')::float8 - (e ->> 'squared_deviations')::float8) < 1e-9)
            FROM pg_catalog.jsonb_array_elements(found -> 'arms') WITH ORDINALITY f(f, i)
            JOIN pg_catalog.jsonb_array_elements((SELECT s::jsonb -> 'arms' FROM pg_temp.serial WHERE learner = expected)) WITH ORDINALITY e(e, i) USING (i));
END $$;
SELECT public.same(-1, 'SELECT btwin.bandit_agg(arm, reward)::jsonb FROM public.many') AS parallel,
       public.same(-2, 'SELECT btwin.bandit_agg(arm, reward) FILTER (WHERE learner = 3)::jsonb FROM public.many') AS filtered;
SET parallel_leader_participation = off;
SELECT public.same(-1, 'SELECT btwin.bandit_agg(arm, reward)::jsonb FROM public.many') AS without_leader;
SET enable_partitionwise_aggregate = on;
SELECT public.plan_has('SELECT learner, btwin.bandit_agg(arm, reward) FROM public.many GROUP BY learner', 'Append') AS partitionwise;
SELECT bool_and(public.same(learner, pg_catalog.format('SELECT s::jsonb FROM (SELECT learner, btwin.bandit_agg(arm, reward) AS s FROM public.many GROUP BY learner) x WHERE learner = %s', learner))) AS by_partition
FROM pg_temp.serial WHERE learner >= 0;
RESET enable_partitionwise_aggregate; RESET parallel_leader_participation; RESET max_parallel_workers_per_gather;
DROP TABLE public.many;
DROP FUNCTION public.plan_has, public.same;

\echo == binary input refuses what text input refuses
CREATE FUNCTION public.through_recv(bytes bytea) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    path text := 'btwin_bandit.copy';   -- in the data folder
    state text; message text; detail text;
BEGIN
    -- the header of binary COPY, one row of one field, the trailer
    PERFORM pg_catalog.lo_from_bytea(424242, '\x5047434f50590aff0d0a000000000000000000'::bytea || '\x0001'::bytea
        || pg_catalog.int4send(pg_catalog.length(bytes)) || bytes || '\xffff'::bytea);
    PERFORM pg_catalog.lo_export(424242, path);
    PERFORM pg_catalog.lo_unlink(424242);
    CREATE TEMP TABLE IF NOT EXISTS received (s btwin.bandit);
    BEGIN
        EXECUTE pg_catalog.format('COPY pg_temp.received FROM %L (FORMAT binary)', path);
    EXCEPTION WHEN OTHERS THEN
        GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL;
        RETURN pg_catalog.format('%s: %s | %s', state, message, detail);
    END;
    RETURN 'accepted';
END $$;
SET client_min_messages = warning;
-- version 1, one arm "a": pulls 1, weight 1, sum 0.5, squared deviations 0, min 0.5, max 0.5
SELECT what, public.through_recv(bytes) AS outcome
FROM (SELECT btwin.bandit_send((SELECT btwin.bandit_agg('a', 0.5))) AS good) g,
     LATERAL (VALUES ('as sent', good),
                     ('empty', '\x'::bytea),
                     ('truncated', pg_catalog.substr(good, 1, pg_catalog.length(good) - 1)),
                     ('one byte more', good || '\x00'::bytea),
                     ('another family', pg_catalog.set_byte(good, 0, 1)),
                     ('version 2', pg_catalog.set_byte(good, 1, 2)),
                     ('reserved byte', pg_catalog.set_byte(good, 3, 1)),
                     ('an arm twice', overlay(good PLACING '\x00000002'::bytea FROM 5) || pg_catalog.substr(good, 9)),
                     ('a huge count', overlay(good PLACING '\x7fffffff'::bytea FROM 5)),
                     ('a negative count', overlay(good PLACING '\xffffffff'::bytea FROM 5)),
                     ('two arms announced', overlay(good PLACING '\x00000002'::bytea FROM 5)),
                     ('an empty name', pg_catalog.set_byte(good, 8, 0)),
                     ('a zero byte in the name', pg_catalog.set_byte(good, 9, 0)),
                     ('negative pulls', pg_catalog.set_byte(good, 10, 255)),
                     ('infinite weight', overlay(good PLACING '\x7ff0000000000000'::bytea FROM 19)),
                     ('NaN sum', overlay(good PLACING '\x7ff8000000000001'::bytea FROM 27)),
                     ('negative zero', overlay(good PLACING '\x8000000000000000'::bytea FROM 35)),
                     ('mean outside', overlay(good PLACING pg_catalog.float8send(0.75) FROM 27))) v(what, bytes);
DROP FUNCTION public.through_recv;

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
    ($$SELECT btwin.select_arm(btwin.bandit_init('{a}'), epsilon_floor => 1.01)$$),
    ($$SELECT btwin.select_arm(btwin.bandit_init('{a}'), prior_alpha => 0)$$),
    ($$SELECT btwin.select_arm(btwin.bandit_agg('a', 7))$$),
    ($$SELECT btwin.posterior(btwin.bandit_agg('a', 7), 'a')$$),
    ($$SELECT btwin.posterior(btwin.bandit_agg('a', 1.01), 'a')$$),
    ($$SELECT btwin.posterior(btwin.bandit_init('{a}'), 'a', 1, 1.01e6)$$),
    ($$SELECT btwin.regret(btwin.bandit_init('{a}'), 1.01)$$),
    ($$SELECT btwin.discount(btwin.bandit_init('{a}'), 1.1)$$),
    ($$SELECT btwin.bandit_simulate('{0.5,1.5}')$$),
    ($$SELECT btwin.bandit_simulate('{0.5}', rounds => '{10,10}')$$),
    ($$SELECT btwin.bandit_simulate('{0.5}', rounds => '{0}')$$),
    ($$SELECT ''::btwin.bandit$$),
    ($$SELECT '{"family": "pattern", "version": 1, "arms": []}'::btwin.bandit$$),
    ($$SELECT '{"family": "bandit", "version": 2, "arms": []}'::btwin.bandit$$),
    ($$SELECT '{"family": "bandit", "version": 1, "arms": []} x'::btwin.bandit$$),
    ($$SELECT '{"family": "bandit", "version": 1, "arms": [{"arm": "b", "pulls": 0, "weight": 0, "sum": 0, "squared_deviations": 0, "min": 0, "max": 0}, {"arm": "a", "pulls": 0, "weight": 0, "sum": 0, "squared_deviations": 0, "min": 0, "max": 0}]}'::btwin.bandit$$),
    ($$SELECT '{"family": "bandit", "version": 1, "arms": [{"arm": "a", "pulls": 0, "weight": 0, "sum": 0, "squared_deviations": 0, "min": 0, "max": 0}, {"arm": "a", "pulls": 0, "weight": 0, "sum": 0, "squared_deviations": 0, "min": 0, "max": 0}]}'::btwin.bandit$$),
    ($$SELECT '{"family": "bandit", "version": 1, "arms": [{"arm": "a", "pulls": 1, "weight": 1, "sum": 1.0005, "squared_deviations": 0, "min": 0, "max": 1}]}'::btwin.bandit$$),
    ($$SELECT '{"family": "bandit", "version": 1, "arms": [{"arm": "a", "pulls": 1, "weight": 1, "sum": 5, "squared_deviations": 0, "min": 0, "max": 1}]}'::btwin.bandit$$),
    ($$SELECT '{"family": "bandit", "version": 1, "arms": [{"arm": "a", "pulls": 1, "weight": 1e999, "sum": 0, "squared_deviations": 0, "min": 0, "max": 1}]}'::btwin.bandit$$),
    ($$SELECT '{"family": "bandit", "version": 1, "arms": [{"arm": "a", "pulls": 1.5}]}'::btwin.bandit$$)
) x(s);

-- a weight for which no interval can be told
SELECT public.fault($$SELECT btwin.posterior(btwin.bandit_agg('a', 0.5, 1e302), 'a')$$);

DROP FUNCTION public.fault;
DROP TABLE public.pull;
