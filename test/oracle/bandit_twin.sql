-- The bandit family's mathematics in plain SQL: an oracle for the C code, and
-- what a server without the library would run.
CREATE SCHEMA btwin_oracle;

-- one row per arm of rows (arm, reward, weight)
CREATE FUNCTION btwin_oracle.bandit_arms(arms text[], rewards float8[], weights float8[])
RETURNS TABLE (arm text, pulls bigint, weight float8, total float8, squared float8, low float8, high float8)
LANGUAGE sql IMMUTABLE AS $$
    WITH row AS (
        SELECT a, r, w FROM unnest(arms, rewards, weights) AS u(a, r, w)
        WHERE a IS NOT NULL AND r IS NOT NULL AND w IS NOT NULL
    ), mean AS (
        SELECT a, sum(w * r) / nullif(sum(w), 0) AS m FROM row GROUP BY a
    )
    SELECT row.a, count(*), sum(w), sum(w * r), coalesce(sum(w * (r - m) ^ 2), 0), min(r), max(r)
    FROM row JOIN mean USING (a)
    GROUP BY row.a
$$;

-- P(arm is best) under Beta posteriors: composite midpoint rule on a grid of
-- theta, x = sin^2(theta), where the densities are smooth for parameters >= 1/2
CREATE FUNCTION btwin_oracle.beta_best(alpha float8[], beta float8[], steps int DEFAULT 20000)
RETURNS float8[]
LANGUAGE sql IMMUTABLE AS $$
    WITH node AS (
        SELECT k, (k + 0.5) * pi() / 2 / steps AS theta FROM generate_series(0, steps - 1) k
    ), logs AS (
        SELECT k, ln(sin(theta)) AS s, ln(cos(theta)) AS c FROM node
    ), raw AS (
        SELECT i, k, (2 * alpha[i] - 1) * s + (2 * beta[i] - 1) * c AS l
        FROM logs, generate_subscripts(alpha, 1) i
    ), density AS (
        SELECT i, k, CASE WHEN l - max(l) OVER (PARTITION BY i) < -60 THEN 0 ELSE exp(l - max(l) OVER (PARTITION BY i)) END AS f FROM raw
    ), part AS (
        -- the distribution function at the middle of the step
        SELECT i, k, f / sum(f) OVER (PARTITION BY i) AS f,
               (sum(f) OVER (PARTITION BY i ORDER BY k) - f / 2) / sum(f) OVER (PARTITION BY i) AS cdf
        FROM density
    ), product AS (
        -- product of the others' distribution functions: all of them but one
        SELECT i, f, sum(ln(greatest(cdf, 1e-300))) OVER (PARTITION BY k) - ln(greatest(cdf, 1e-300)) AS others FROM part
    ), best AS (
        SELECT i, sum(f * CASE WHEN others < -300 THEN 0 ELSE exp(others) END) AS p FROM product GROUP BY i
    )
    SELECT array_agg(coalesce(p, 0) ORDER BY i) FROM generate_subscripts(alpha, 1) i LEFT JOIN best USING (i)
$$;

-- UCB-tuned and UCB1 (Auer, Cesa-Bianchi and Fischer 2002)
CREATE FUNCTION btwin_oracle.ucb_tuned(n float8, mean float8, variance float8, total float8) RETURNS float8
LANGUAGE sql IMMUTABLE AS $$
    SELECT mean + sqrt(greatest(ln(total), 0) / n * least(0.25, variance + sqrt(2 * greatest(ln(total), 0) / n)))
$$;
CREATE FUNCTION btwin_oracle.ucb1(n float8, mean float8, total float8) RETURNS float8
LANGUAGE sql IMMUTABLE AS $$
    SELECT mean + sqrt(2 * greatest(ln(total), 0) / n)
$$;
