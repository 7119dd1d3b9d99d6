-- Which strategy should be tried now?
--   psql -v learner=ID -v as_of=MOMENT -f strategy.sql
-- Thompson sampling: every strategy is chosen with the probability that it is
-- the best one, given what followed when it was tried (0 to 1, here the
-- performance of the outcome). The same seed draws the same strategy again.
WITH outcome AS (
    SELECT o.strategy_variant AS arm, o.performance_score AS reward
    FROM btwin.personalization_outcomes_window(:'learner', '-infinity', :'as_of') AS o
    WHERE o.strategy_variant IS NOT NULL AND o.performance_score IS NOT NULL
), seen AS MATERIALIZED (
    SELECT coalesce(btwin.bandit_agg(arm, reward), btwin.bandit_init('{}')) AS bandit FROM outcome
), choice AS MATERIALIZED (
    -- while nothing was tried: the four strategies of the reference
    SELECT seen.bandit,
           coalesce((SELECT array_agg(a.arm) FROM btwin.arms(seen.bandit) AS a),
                    '{balanced,conservative,pattern_heavy,prediction_heavy}') AS arms
    FROM seen
), drawn AS MATERIALIZED (
    SELECT d.arm FROM choice CROSS JOIN LATERAL btwin.select_arm(choice.bandit, 'thompson', choice.arms, seed => hashtextextended(:'learner', 1)) AS d
)
SELECT p.arm AS strategy, p.pulls AS tried,
       CASE WHEN p.pulls > 0 THEN round(b.mean::numeric, 2) ELSE NULL END AS "mean reward",
       CASE WHEN p.pulls > 0 THEN format('%s to %s', round(b.low::numeric, 2), round(b.high::numeric, 2)) ELSE 'never tried' END AS "95 % interval",
       round(p.propensity::numeric, 3) AS propensity,
       CASE WHEN p.arm = drawn.arm THEN '<= chosen now' ELSE '' END AS choice
FROM choice CROSS JOIN drawn
CROSS JOIN LATERAL btwin.propensities(choice.bandit, 'thompson', choice.arms) AS p
CROSS JOIN LATERAL btwin.posterior(choice.bandit, p.arm) AS b
ORDER BY p.propensity DESC, p.arm;
