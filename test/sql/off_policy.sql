-- off-policy evaluation of bandit decisions
SET search_path = '';
SET extra_float_digits = 0;
\set SHOW_CONTEXT never

\echo == by hand
-- w = 0.5/0.25 = 2 (r 1), 0.2/0.4 = 0.5 (r 0), 1/1 = 1 (r 0.5), 0/0.5 = 0 (r 1):
-- sum w = 3.5, sum w^2 = 5.25, sum wr = 2.5, sum w^2 r = 4.5, sum w^2 r^2 = 4.25
-- value 2.5/3.5 = 0.7142857; sum w^2 (r - v)^2 = 4.25 - 2 v 4.5 + v^2 5.25 = 0.5; se = sqrt(0.5)/3.5 = 0.2020305
-- plain 2.5/4 = 0.625; effective rows 12.25/5.25 = 2.3333333
CREATE TABLE public.decision AS
SELECT * FROM (VALUES (1.0::float8, 0.25::float8, 0.5::float8, 1), (0, 0.4, 0.2, 1), (0.5, 1, 1, 2), (1, 0.5, 0, 2), (NULL, 0.5, 0.5, 2), (1, NULL, 0.5, 2), (1, 0.5, NULL, 2)) v(reward, logged, target, part);
SELECT btwin.off_policy_agg(reward, logged, target) FROM public.decision;
SELECT round(value::numeric, 7) AS value, round(standard_error::numeric, 7) AS se, round(((low + high) / 2)::numeric, 7) AS middle,
       round(((high - low) / standard_error)::numeric, 5) AS width, inverse_propensity_value, round(effective_sample_size::numeric, 7) AS ess, evidence_count
FROM btwin.off_policy_value((SELECT btwin.off_policy_agg(reward, logged, target) FROM public.decision));
SELECT btwin.off_policy_rollup(s) = (SELECT btwin.off_policy_agg(reward, logged, target) FROM public.decision) AS merged
FROM (SELECT btwin.off_policy_agg(reward, logged, target) AS s FROM public.decision GROUP BY part) x;
SELECT * FROM btwin.off_policy_value((SELECT btwin.off_policy_agg(reward, logged, target) FROM public.decision WHERE false));
SELECT value, standard_error, evidence_count FROM btwin.off_policy_value((SELECT btwin.off_policy_agg(1, 0.5, 0.25)));
-- the target never does what was logged: no estimate; rewards that never differ: no spread
SELECT * FROM btwin.off_policy_value((SELECT btwin.off_policy_agg(1, 0.5, 0) FROM pg_catalog.generate_series(1, 3)));
SELECT value, standard_error, low, high FROM btwin.off_policy_value((SELECT btwin.off_policy_agg(1, 0.5, 0.5) FROM pg_catalog.generate_series(1, 3)));
-- two rows, w = 1, r 1 and 0: value 1/2, se sqrt(1/4 + 1/4) / 2 = 0.3535534
SELECT value, round(standard_error::numeric, 7) AS se FROM btwin.off_policy_value((SELECT btwin.off_policy_agg(r, 0.5, 0.5) FROM (VALUES (1), (0)) v(r)));
-- states by hand: no rows; weights whose squares are too small for a number
SELECT value, evidence_count FROM btwin.off_policy_value('{0,1,1,1,1,1}');
SELECT value, effective_sample_size, evidence_count FROM btwin.off_policy_value('{2,1,0,1,0,0}');
-- calling the transition by hand leaves the given array alone
SELECT btwin.off_policy_accum(s, 1, 0.5, 0.5) AS next, s AS before FROM (VALUES ('{0,0,0,0,0,0}'::float8[])) v(s);

\echo == truth: arms pay 0.2 and 0.8, logged uniformly; always-b earns 0.8, the estimate covers it
SELECT abs(value - 0.8) < 4 * standard_error AS covers, standard_error < 0.02 AS sharp
FROM btwin.off_policy_value((
    SELECT btwin.off_policy_agg(reward, 0.5, CASE arm WHEN 'b' THEN 1 ELSE 0 END)
    FROM (SELECT CASE WHEN u < 0.5 THEN 'a' ELSE 'b' END AS arm,
                 CASE WHEN v < CASE WHEN u < 0.5 THEN 0.2 ELSE 0.8 END THEN 1.0 ELSE 0.0 END AS reward
          FROM ROWS FROM (btwin.random_beta(4000, 1, 1, 11), btwin.random_beta(4000, 1, 1, 12)) AS r(u, v)) logged));

\echo == parallel equals serial
CREATE TABLE public.many AS SELECT (g % 7) / 7.0 AS reward, 0.1 + (g % 9) / 10.0 AS logged, (g % 11) / 11.0 AS target FROM pg_catalog.generate_series(1, 20000) g;
ALTER TABLE public.many SET (parallel_workers = 2);
SET min_parallel_table_scan_size = 0; SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0;
EXPLAIN (COSTS OFF) SELECT btwin.off_policy_agg(reward, logged, target) FROM public.many;
CREATE TABLE public.result AS SELECT (btwin.off_policy_value(btwin.off_policy_agg(reward, logged, target))).* FROM public.many;
SET max_parallel_workers_per_gather = 0;
SELECT abs(r.value - s.value) < 1e-12 AS value, abs(r.standard_error - s.standard_error) < 1e-12 AS se, r.evidence_count = s.evidence_count AS rows
FROM public.result r, LATERAL (SELECT (btwin.off_policy_value(btwin.off_policy_agg(reward, logged, target))).* FROM public.many) s;

\echo == errors
SELECT btwin.off_policy_agg(1, 0, 0.5);
SELECT btwin.off_policy_agg(1, 1.5, 0.5);
SELECT btwin.off_policy_agg(1, 0.5, -0.5);
SELECT btwin.off_policy_agg('NaN', 0.5, 0.5);
SELECT btwin.off_policy_value('{1,2}');
-- no state at all; rows that cannot have been counted; sums and quotients beyond any number
SELECT btwin.off_policy_accum(NULL, 1, 0.5, 0.5);
SELECT btwin.off_policy_accum(NULL, NULL, 0.5, 0.5);
SELECT btwin.off_policy_value('{1.5,1,1,1,1,1}');
SELECT btwin.off_policy_value('{9007199254740994,1,1,1,1,1}');
SELECT evidence_count FROM btwin.off_policy_value('{9007199254740992,1,1,1,1,1}');
SELECT btwin.off_policy_agg(1e308, 0.5, 0.5);
SELECT btwin.off_policy_agg(1, 1e-200, 0.5);
SELECT btwin.off_policy_rollup(s) FROM (VALUES ('{1,1,1e308,1,1,1}'::float8[]), ('{1,1,1e308,1,1,1}')) v(s);
SELECT btwin.off_policy_value('{2,1e-300,1,1e300,1,1}');
SELECT btwin.off_policy_value('{2,1e-200,1,1,1,1}');
SELECT btwin.off_policy_value('{2,1e200,1,1,1,1}');
SELECT btwin.off_policy_rollup(NULL::float8[]);
DROP TABLE public.decision, public.many, public.result;
