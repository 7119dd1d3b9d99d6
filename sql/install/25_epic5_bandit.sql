-- The reference's bandit rules (Epic 5 domain model, 2.27, Python service), to
-- the last digit and with their faults: for comparison, not for decisions.

CREATE FUNCTION btwin.epic5_bandit_reward(retention_change float8, performance_change float8, completion float8,
    satisfaction float8 DEFAULT NULL) RETURNS float8
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN retention_change IS NULL OR performance_change IS NULL OR completion IS NULL THEN NULL ELSE
    greatest(0::float8, least(1::float8,
        (0.4::float8 * btwin.check_range(retention_change, -1, 1, 'retention_change')
         + 0.3::float8 * btwin.check_range(performance_change, -1, 1, 'performance_change')
         + 0.2::float8 * btwin.check_range(completion, 0, 1, 'completion')
         + coalesce(0.1::float8 * (btwin.check_range(satisfaction, 1, 5, 'satisfaction') - 1) / 4, 0)
         + 1) / 2)) END;
COMMENT ON FUNCTION btwin.epic5_bandit_reward(float8, float8, float8, float8) IS
'Reward 0 to 1 of an outcome: clamp((raw + 1) / 2), raw = 0.4 retention_change + 0.3 performance_change + 0.2 completion + 0.1 (satisfaction - 1) / 4. retention_change and performance_change -1 to 1, completion 0 to 1, satisfaction 1 to 5 or NULL (its term is left out). NULL when one of the first three is NULL. Error 22003 out of range. Epic 5 domain model, 2.27.';

CREATE FUNCTION btwin.epic5_bandit_update(reward float8, alpha float8 DEFAULT 1, beta float8 DEFAULT 1, pulls integer DEFAULT 0, total_reward float8 DEFAULT 0,
    OUT new_alpha float8, OUT new_beta float8, OUT new_pulls integer, OUT new_total_reward float8, OUT new_avg_reward float8)
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
    SELECT alpha + CASE WHEN checked.reward > 0.5 THEN 1 ELSE 0 END,
           beta + CASE WHEN checked.reward > 0.5 THEN 0 ELSE 1 END,
           pulls + 1,
           total_reward + checked.reward,
           (total_reward + checked.reward) / (pulls + 1)
    FROM (SELECT btwin.check_range(epic5_bandit_update.reward, 0, 1, 'reward') AS reward) checked;
END;
COMMENT ON FUNCTION btwin.epic5_bandit_update(float8, float8, float8, integer, float8) IS
'One arm after one reward (0 to 1): a reward above 0.5 adds 1 to alpha, any other 1 to beta; pulls, total and average reward follow. Exactly 0.5, the neutral outcome, counts as a failure. Error 22003 out of range. Epic 5 domain model, 2.27.';

CREATE FUNCTION btwin.epic5_bandit_posterior(alpha float8, beta float8,
    OUT mean float8, OUT variance float8, OUT sd float8)
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
    SELECT a / (a + b), a * b / ((a + b) ^ 2 * (a + b + 1)), sqrt(a * b / ((a + b) ^ 2 * (a + b + 1)))
    FROM (SELECT btwin.check_range(alpha, 1e-9, 1e15, 'alpha') AS a, btwin.check_range(beta, 1e-9, 1e15, 'beta') AS b) p;
END;
COMMENT ON FUNCTION btwin.epic5_bandit_posterior(float8, float8) IS
'Mean, variance and standard deviation of Beta(alpha, beta), both above 0. Error 22003 out of range. Epic 5 domain model, 2.27.';

CREATE FUNCTION btwin.epic5_bandit_confidence(pulls integer, alpha float8 DEFAULT 1, beta float8 DEFAULT 1) RETURNS float8
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
    SELECT greatest(0::float8, least(1::float8,
        0.6::float8 / (1 + exp(-0.1::float8 * (btwin.check_range(pulls, 0, 2147483647, 'pulls') - 25)))
        + 0.4::float8 * CASE WHEN alpha + beta <= 2 THEN 0.5
                             ELSE greatest(0::float8, least(1::float8, 1 - 10 * (btwin.epic5_bandit_posterior(alpha, beta)).sd)) END));
END;
COMMENT ON FUNCTION btwin.epic5_bandit_confidence(integer, float8, float8) IS
'Confidence 0 to 1 of an arm: 0.6 / (1 + e^(-0.1 (pulls - 25))) + 0.4 u, u = clamp(1 - 10 sd, 0, 1), 0.5 while alpha + beta <= 2. It is 0.924 at 50 balanced pulls, whatever its name promises. Error 22003 out of range. Epic 5 domain model, 2.27.';

CREATE FUNCTION btwin.epic5_bandit_ranking(arms text[], avg_rewards float8[],
    OUT rank integer, OUT arm text, OUT avg_reward float8)
    RETURNS SETOF record
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE ROWS 4
AS $$
BEGIN
    IF pg_catalog.cardinality(arms) OPERATOR(pg_catalog.<>) pg_catalog.cardinality(avg_rewards) THEN
        RAISE EXCEPTION '"arms" and "avg_rewards" must have the same number of elements'
            USING ERRCODE = 'invalid_parameter_value',
                  DETAIL = pg_catalog.format('"arms" has %s, "avg_rewards" has %s.', pg_catalog.cardinality(arms), pg_catalog.cardinality(avg_rewards)),
                  HINT = 'Pass one average reward per arm.';
    END IF;
    RETURN QUERY
    SELECT pg_catalog.row_number() OVER (ORDER BY a.average DESC, a.place)::integer, a.name, a.average
    FROM ROWS FROM (pg_catalog.unnest(arms), pg_catalog.unnest(avg_rewards)) WITH ORDINALITY AS a(name, average, place)
    ORDER BY a.average DESC, a.place;
END
$$;
COMMENT ON FUNCTION btwin.epic5_bandit_ranking(text[], float8[]) IS
'Arms by average reward, largest first, ties in the given order; the first is what epsilon-greedy exploits. An untried arm has average 0 and so comes last. Error 22023 when the arrays differ in length. Epic 5 domain model, 2.27.';

CREATE FUNCTION btwin.epic5_bandit_propensities(arms text[], avg_rewards float8[], epsilon float8 DEFAULT 0.1,
    OUT arm text, OUT propensity float8)
    RETURNS SETOF record
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE ROWS 4
BEGIN ATOMIC
    SELECT r.arm, btwin.check_range(epsilon, 0, 1, 'epsilon') / cardinality(arms) + CASE WHEN r.rank = 1 THEN 1 - epsilon ELSE 0 END
    FROM btwin.epic5_bandit_ranking(arms, avg_rewards) r
    ORDER BY r.rank;
END;
COMMENT ON FUNCTION btwin.epic5_bandit_propensities(text[], float8[], float8) IS
'Probability of each arm under the reference''s epsilon-greedy: epsilon spread over all arms, the rest on the arm with the largest average reward (ties: the first). Errors 22023 and 22003. Epic 5 domain model, 2.27.';

CREATE FUNCTION btwin.epic5_bandit_regret(pulls integer, total_reward float8, optimal float8 DEFAULT 1,
    OUT regret float8, OUT average_regret float8)
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
    -- the checked number itself is used: a column that nobody reads is never computed
    SELECT CASE WHEN n = 0 THEN 0 ELSE optimal * n - total_reward END,
           CASE WHEN n = 0 THEN 0 ELSE (optimal * n - total_reward) / n END
    FROM (SELECT btwin.check_range(pulls, 0, 2147483647, 'pulls') AS n) checked;
END;
COMMENT ON FUNCTION btwin.epic5_bandit_regret(integer, float8, float8) IS
'optimal * pulls - total_reward and its average per pull; 0 without pulls. Against the default optimum of 1 this is not regret: no arm pays 1. Error 22003 for negative pulls. Epic 5 domain model, 2.27.';
