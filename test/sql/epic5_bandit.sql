-- the reference's bandit rules (Epic 5 domain model, 2.27)
SET search_path = '';
SET extra_float_digits = 0;

\echo == reward = clamp((raw + 1) / 2): raw by hand
-- (0,0,0): 0.5; (1,1,1): (0.9 + 1)/2 = 0.95; with satisfaction 5: 1; (-1,-1,0): (-0.7 + 1)/2 = 0.15
-- (0.5,0,0): 0.6; (0,0.5,0): 0.575; (0,0,0.5): 0.55; satisfaction 3: 0.1 * 2/4 / 2 = 0.025 more
SELECT r, p, c, s, btwin.epic5_bandit_reward(r, p, c, s) AS reward
FROM (VALUES (0, 0, 0, NULL), (1, 1, 1, NULL), (1, 1, 1, 5), (-1, -1, 0, NULL), (0.5, 0, 0, NULL),
             (0, 0.5, 0, NULL), (0, 0, 0.5, NULL), (0, 0, 0, 3), (0, 0, 0, 1), (NULL, 0, 0, NULL)) v(r, p, c, s);

\echo == update: above 0.5 is a success, 0.5 itself is not
SELECT reward, u.* FROM pg_catalog.unnest('{0.5,0.5000001,1,0}'::float8[]) reward, LATERAL btwin.epic5_bandit_update(reward, 3, 2, 3, 2.0) u;
SELECT * FROM btwin.epic5_bandit_update(0.75);

\echo == posterior: Beta(3, 2) has mean 0.6, variance 6 / (25 * 6) = 0.04, sd 0.2
SELECT mean, round(variance::numeric, 12) AS variance, round(sd::numeric, 12) AS sd FROM btwin.epic5_bandit_posterior(3, 2);

\echo == confidence
-- no pulls: 0.6 / (1 + e^2.5) + 0.2 = 0.6 * 0.0758581800 + 0.2 = 0.2455149080
-- 25 pulls, Beta(3,2): 0.3 + 0.4 * clamp(1 - 2) = 0.3
-- 50 pulls, Beta(26,26): sd = sqrt(1/(4*53)) = 0.0686803 -> u = 0.3131973; 0.6 * 0.9241418200 + 0.4 u = 0.6797640
-- a + b = 2 exactly: u = 0.5
SELECT p, a, b, round(btwin.epic5_bandit_confidence(p, a, b)::numeric, 7) AS confidence
FROM (VALUES (0, 1, 1), (25, 3, 2), (50, 26, 26), (25, 1.5, 0.5), (25, 1.5, 0.6)) v(p, a, b);

-- by default Beta(1, 1): 0.3 + 0.4 * 0.5
SELECT btwin.epic5_bandit_confidence(25) AS by_default;

\echo == ranking, propensities, regret
SELECT * FROM btwin.epic5_bandit_ranking('{pattern_heavy,prediction_heavy,balanced,conservative}', '{0.2,0.7,0.7,0}');
SELECT * FROM btwin.epic5_bandit_propensities('{pattern_heavy,prediction_heavy,balanced,conservative}', '{0.2,0.7,0.7,0}');
SELECT arm, propensity FROM btwin.epic5_bandit_propensities('{a,b}', '{0.2,0.7}', 0.5);
-- 1 * 10 - 6.5 = 3.5, 0.35 per pull; against 0.8: 1.5
SELECT * FROM btwin.epic5_bandit_regret(10, 6.5) UNION ALL SELECT * FROM btwin.epic5_bandit_regret(10, 6.5, 0.8) UNION ALL SELECT * FROM btwin.epic5_bandit_regret(0, 0);

\set SHOW_CONTEXT never
\echo == errors
SELECT btwin.epic5_bandit_reward(1.1, 0, 0);
SELECT btwin.epic5_bandit_reward(0, -1.1, 0);
SELECT btwin.epic5_bandit_reward(0, 0, -0.1);
SELECT btwin.epic5_bandit_reward(0, 0, 0, 0.5);
SELECT btwin.epic5_bandit_update(1.5);
SELECT btwin.epic5_bandit_posterior(0, 1);
SELECT btwin.epic5_bandit_posterior(1, 0);
SELECT btwin.epic5_bandit_confidence(-1);
SELECT btwin.epic5_bandit_ranking('{a}', '{1,2}');
SELECT btwin.epic5_bandit_propensities('{a}', '{1}', 2);
SELECT btwin.epic5_bandit_regret(-1, 0);
