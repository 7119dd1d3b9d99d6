-- struggle in plain SQL: what src/struggle*.c computes, set by set
CREATE SCHEMA IF NOT EXISTS btwin_oracle;

CREATE TABLE btwin_oracle.example (y boolean, x float8[], weight float8);

-- 1 / (1 + exp(-z)), also where exp() would overflow
CREATE FUNCTION btwin_oracle.logistic(z float8) RETURNS float8 LANGUAGE sql IMMUTABLE AS $$
SELECT CASE WHEN z >= 0 THEN 1 / (1 + exp(-least(z, 700))) ELSE exp(greatest(z, -700)) / (1 + exp(greatest(z, -700))) END $$;

-- gradient, Hessian and log likelihood over btwin_oracle.example
CREATE FUNCTION btwin_oracle.step(beta float8[], means float8[],
    OUT gradient float8[], OUT hessian float8[], OUT log_likelihood float8, OUT n bigint) LANGUAGE sql STABLE AS $$
WITH numbered AS (
    SELECT row_number() OVER () AS id, y, weight AS w, ARRAY[1.0::float8] || ARRAY(
        SELECT coalesce(u.v - means[u.j], 0) FROM unnest(x) WITH ORDINALITY u (v, j) ORDER BY u.j) AS d
    FROM btwin_oracle.example WHERE y IS NOT NULL AND x IS NOT NULL AND weight IS NOT NULL
), scored AS (
    SELECT id, y, w, d, (SELECT sum(u.b * u.v) FROM unnest(beta, d) u (b, v)) AS z FROM numbered
), derived AS (
    SELECT id, d, w * (CASE WHEN y THEN btwin_oracle.logistic(-z) ELSE -btwin_oracle.logistic(z) END) AS residual,
           w * btwin_oracle.logistic(z) * btwin_oracle.logistic(-z) AS curvature,
           -w * (ln(1 + exp(-abs(z))) + CASE WHEN y = (z >= 0) THEN 0 ELSE abs(z) END) AS log_likelihood
    FROM scored
)
SELECT (SELECT array_agg(g ORDER BY j) FROM (SELECT j, sum(residual * v) AS g FROM derived, unnest(d) WITH ORDINALITY u (v, j) GROUP BY j) s),
       (SELECT array_agg(r ORDER BY i) FROM (SELECT i, array_agg(h ORDER BY j) AS r FROM (
            SELECT a.i, b.j, sum(curvature * a.v * b.v) AS h FROM derived, unnest(d) WITH ORDINALITY a (v, i), unnest(d) WITH ORDINALITY b (v, j) GROUP BY a.i, b.j) s GROUP BY i) s),
       (SELECT sum(log_likelihood) FROM derived), (SELECT count(*) FROM derived) $$;

-- inverse of a symmetric positive definite matrix, Gauss and Jordan
CREATE FUNCTION btwin_oracle.inverse(a float8[]) RETURNS float8[] LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    n int := array_length(a, 1);
    b float8[] := array_fill(0::float8, ARRAY[n, n]);
    f float8;
BEGIN
    FOR i IN 1..n LOOP b[i][i] := 1; END LOOP;
    FOR p IN 1..n LOOP
        f := a[p][p];
        FOR j IN 1..n LOOP a[p][j] := a[p][j] / f; b[p][j] := b[p][j] / f; END LOOP;
        FOR i IN 1..n LOOP
            CONTINUE WHEN i = p;
            f := a[i][p];
            FOR j IN 1..n LOOP a[i][j] := a[i][j] - f * a[p][j]; b[i][j] := b[i][j] - f * b[p][j]; END LOOP;
        END LOOP;
    END LOOP;
    RETURN b;
END $$;

CREATE FUNCTION btwin_oracle.times(a float8[], v float8[]) RETURNS float8[] LANGUAGE sql IMMUTABLE AS $$
SELECT array_agg((SELECT sum(a[i][j] * v[j]) FROM generate_series(1, array_length(v, 1)) j) ORDER BY i) FROM generate_series(1, array_length(a, 1)) i $$;

CREATE FUNCTION btwin_oracle.dot(a float8[], b float8[]) RETURNS float8 LANGUAGE sql IMMUTABLE AS $$
SELECT sum(u.a * u.b) FROM unnest(a, b) u (a, b) $$;

-- one Newton step under a Gaussian prior: beta + inverse(H + P) (g - P (beta - mean))
CREATE FUNCTION btwin_oracle.next(gradient float8[], hessian float8[], beta float8[], mean float8[], prior float8[]) RETURNS float8[] LANGUAGE sql IMMUTABLE AS $$
SELECT array_agg(u.b + u.s ORDER BY u.i) FROM (
    SELECT btwin_oracle.times(btwin_oracle.inverse((SELECT array_agg(r ORDER BY i) FROM (
               SELECT i, array_agg(hessian[i][j] + prior[i][j] ORDER BY j) AS r FROM generate_series(1, array_length(beta, 1)) i, generate_series(1, array_length(beta, 1)) j GROUP BY i) m)),
           (SELECT array_agg(g - p ORDER BY i) FROM unnest(gradient, btwin_oracle.times(prior, (SELECT array_agg(b - m ORDER BY i) FROM unnest(beta, mean) WITH ORDINALITY q (b, m, i)))) WITH ORDINALITY q (g, p, i))) AS s) step,
    unnest(beta, step.s) WITH ORDINALITY u (b, s, i) $$;

-- probability and interval of a model given as plain arrays
CREATE FUNCTION btwin_oracle.predict(beta float8[], prec float8[], means float8[], deviations float8[], x float8[],
    OUT probability float8, OUT low float8, OUT high float8, OUT logit float8, OUT base_logit float8) LANGUAGE sql IMMUTABLE AS $$
SELECT btwin_oracle.logistic(z / sqrt(1 + pi() / 8 * s2)),
       least(btwin_oracle.logistic(z / sqrt(1 + pi() / 8 * s2)), btwin_oracle.logistic(z - 1.959963984540054 * sqrt(s2))),
       greatest(btwin_oracle.logistic(z / sqrt(1 + pi() / 8 * s2)), btwin_oracle.logistic(z + 1.959963984540054 * sqrt(s2))),
       z / sqrt(1 + pi() / 8 * s2), beta[1] / sqrt(1 + pi() / 8 * c[1][1])
FROM (SELECT c, btwin_oracle.dot(beta, d) AS z,
             btwin_oracle.dot(d, btwin_oracle.times(c, d)) + coalesce((SELECT sum((beta[u.j + 1] ^ 2 + c[u.j + 1][u.j + 1]) * deviations[u.j] ^ 2) FROM unnest(x) WITH ORDINALITY u (v, j) WHERE u.v IS NULL), 0) AS s2
      FROM (SELECT btwin_oracle.inverse(prec) AS c, ARRAY[1.0::float8] || ARRAY(SELECT coalesce(u.v - means[u.j], 0) FROM unnest(x) WITH ORDINALITY u (v, j) ORDER BY u.j) AS d) q) q $$;

-- what the probability is made of, by name of the feature's position; 0 is the base, -1 the uncertainty
CREATE FUNCTION btwin_oracle.contributions(beta float8[], prec float8[], means float8[], deviations float8[], x float8[])
RETURNS TABLE (j bigint, contribution float8, contribution_logit float8) LANGUAGE sql IMMUTABLE AS $$
WITH p AS (SELECT q.*, CASE WHEN abs(logit - base_logit) < 1e-7 THEN btwin_oracle.logistic(base_logit) * btwin_oracle.logistic(-base_logit)
                            ELSE (probability - btwin_oracle.logistic(base_logit)) / (logit - base_logit) END AS slope
           FROM btwin_oracle.predict(beta, prec, means, deviations, x) q),
     l AS (SELECT u.j, coalesce(beta[u.j + 1] * (u.v - means[u.j]), 0) AS l FROM unnest(x) WITH ORDINALITY u (v, j))
SELECT 0, btwin_oracle.logistic(base_logit), base_logit FROM p
UNION ALL SELECT l.j, l.l * p.slope, l.l FROM l, p
UNION ALL SELECT -1, (p.logit - p.base_logit - (SELECT sum(l) FROM l)) * p.slope, p.logit - p.base_logit - (SELECT sum(l) FROM l) FROM p $$;

-- one example more: the mode by bisection of a = w (y - p(z + s a))
CREATE FUNCTION btwin_oracle.update(beta float8[], prec float8[], means float8[], y boolean, x float8[], w float8,
    OUT new_beta float8[], OUT new_prec float8[]) LANGUAGE sql IMMUTABLE AS $$
WITH RECURSIVE q AS (
    SELECT d, cd, btwin_oracle.dot(beta, d) AS z, btwin_oracle.dot(d, cd) AS s
    FROM (SELECT d, btwin_oracle.times(btwin_oracle.inverse(prec), d) AS cd
          FROM (SELECT ARRAY[1.0::float8] || ARRAY(SELECT coalesce(u.v - means[u.j], 0) FROM unnest(x) WITH ORDINALITY u (v, j) ORDER BY u.j) AS d) q) q
), b AS (
    SELECT 1 AS round, CASE WHEN y THEN 0 ELSE -w END::float8 AS low, CASE WHEN y THEN w ELSE 0 END::float8 AS high
    UNION ALL
    SELECT round + 1, CASE WHEN f > 0 THEN low ELSE m END, CASE WHEN f > 0 THEN m ELSE high END
    FROM (SELECT round, low, high, m, m - w * (CASE WHEN y THEN btwin_oracle.logistic(-(z + s * m)) ELSE -btwin_oracle.logistic(z + s * m) END) AS f
          FROM (SELECT b.*, (low + high) / 2 AS m, q.z, q.s FROM b, q) b) b WHERE round < 120
), a AS (SELECT (low + high) / 2 AS a FROM b ORDER BY round DESC LIMIT 1)
SELECT (SELECT array_agg(u.b + a.a * u.c ORDER BY u.i) FROM unnest(beta, q.cd) WITH ORDINALITY u (b, c, i)),
       (SELECT array_agg(r ORDER BY i) FROM (SELECT i, array_agg(prec[i][j] + w * btwin_oracle.logistic(z + s * a.a) * btwin_oracle.logistic(-(z + s * a.a)) * d[i] * d[j] ORDER BY j) AS r
            FROM generate_series(1, array_length(beta, 1)) i, generate_series(1, array_length(beta, 1)) j GROUP BY i) m)
FROM q, a $$;

-- the features once more, as the sheet and doc/struggle.md list them
CREATE VIEW btwin_oracle.feature AS
SELECT * FROM (VALUES
    (1, 'retention_score', 0.5, -0.25, 0.70, 0.25, -0.2), (2, 'retention_decline_rate', 0.5, 0.15, 0.45, 0.20, 0.2),
    (3, 'review_lapse_rate', 0.5, 0.12, 0.20, 0.15, 0.3), (4, 'session_performance_score', 0.5, -0.10, 0.75, 0.15, -0.5),
    (5, 'validation_score', 0.5, -0.08, 0.70, 0.20, -0.8), (6, 'prerequisite_gap_count', 0.0, 0.20, 0.40, 0.45, 0.1),
    (7, 'prerequisite_mastery_gap', 0.0, 0.15, 0.40, 0.30, 1.0), (8, 'content_complexity', 0.5, 0.08, 0.55, 0.25, 2.5),
    (9, 'complexity_mismatch', 0.5, 0.18, 0.20, 0.20, 0.2), (10, 'historical_struggle_score', 0.0, 0.20, 0.10, 0.25, 1.0),
    (11, 'content_type_mismatch', 0.0, 0.10, 0.05, 0.15, 0.0), (12, 'cognitive_load_indicator', 0.5, 0.12, 0.40, 0.15, 1.0),
    (13, 'days_until_exam', 1.0, -0.05, 0.60, 0.35, 0.0), (14, 'days_since_last_study', 0.5, 0.08, 0.10, 0.15, 0.3),
    (15, 'workload_level', 0.5, 0.06, 0.40, 0.20, 0.2)) v (j, name, epic5_default, epic5_weight, mean, deviation, coefficient);

-- the prior model: independent coefficients, so no matrix is needed
CREATE FUNCTION btwin_oracle.struggle_probability(x float8[], rate float8 DEFAULT 0.38) RETURNS float8 LANGUAGE sql IMMUTABLE AS $$
SELECT btwin_oracle.logistic((ln(rate / (1 - rate)) * sqrt(1 + pi() / 8 * (0.09 + sum((coefficient ^ 2 + 0.25) * deviation ^ 2))) + sum(coalesce(coefficient * (x[j] - mean), 0)))
     / sqrt(1 + pi() / 8 * (0.09 + sum(CASE WHEN x[j] IS NULL THEN (coefficient ^ 2 + 0.25) * deviation ^ 2 ELSE 0.25 * (x[j] - mean) ^ 2 END))))
FROM (SELECT j, mean::float8, deviation::float8, coefficient::float8 FROM btwin_oracle.feature) f $$;

-- the web rule
CREATE FUNCTION btwin_oracle.epic5_struggle(x float8[], OUT probability float8, OUT baseline float8, OUT confidence float8) LANGUAGE sql IMMUTABLE AS $$
WITH v AS (SELECT array_agg(coalesce(x[j], epic5_default::float8) ORDER BY j) AS v,
                  greatest(0, least(1, 0.3 + sum(epic5_weight::float8 * coalesce(x[j], epic5_default::float8)))) AS baseline,
                  count(*) FILTER (WHERE abs(coalesce(x[j], epic5_default::float8) - 0.5::float8) > 0.01::float8) / 15.0::float8 AS quality
           FROM btwin_oracle.feature),
     p AS (SELECT baseline, quality, CASE WHEN v[1] < 0.5 THEN 0.4 * (0.5 - v[1]) ELSE 0 END
                + CASE WHEN v[6] > 0.5 THEN 0.35 * v[6] ELSE 0 END
                + CASE WHEN v[9] > 0.6::float8 THEN 0.5 * (v[9] - 0.6) ELSE 0 END
                + CASE WHEN v[10] > 0.7::float8 THEN 0.4 * (v[10] - 0.7) ELSE 0 END
                + CASE WHEN v[6] > 0.2::float8 AND v[6] <= 0.5 THEN 0.15 * v[6] ELSE 0 END
                + CASE WHEN v[11] > 0.5 THEN 0.2 * (v[11] - 0.5) ELSE 0 END
                + CASE WHEN v[3] > 0.4::float8 THEN 0.15 * v[3] ELSE 0 END
                + CASE WHEN v[12] > 0.7::float8 THEN 0.3 * (v[12] - 0.7) ELSE 0 END AS p FROM v)
SELECT least(1, CASE WHEN p < 0.4::float8 THEN greatest(p, baseline) ELSE p END), baseline, 0.5 + 0.5 * quality FROM p $$;

-- the Python rule
CREATE FUNCTION btwin_oracle.epic5_class(x float8[], OUT class text, OUT probability float8) LANGUAGE sql IMMUTABLE AS $$
WITH v AS (SELECT array_agg(coalesce(x[j], epic5_default::float8) ORDER BY j) AS v FROM btwin_oracle.feature),
     c AS (SELECT v, CASE WHEN v[1] < 0.5 OR v[6] > 0.5 OR v[9] > 0.6::float8 OR v[10] > 0.7::float8 THEN 'HIGH'
                          WHEN v[1] < 0.7::float8 OR v[6] > 0.2::float8 OR v[11] > 0.5 OR v[12] > 0.7::float8 THEN 'MEDIUM' ELSE 'LOW' END AS class FROM v)
SELECT class, CASE class
    WHEN 'HIGH' THEN least(1, 0.7 + 0.3 * (1 - v[1]) + 0.3 * v[6] + 0.2 * v[9] + 0.2 * v[10])
    WHEN 'MEDIUM' THEN least(0.7, 0.4 + 0.3 * (0.4 * (1 - v[1]) + 0.3 * v[6] + 0.2 * v[11] + 0.1 * v[12]))
    ELSE 0.1 + 0.3 * (0.3 * (1 - v[1]) + 0.3 * v[14] + 0.2 * v[15] + 0.2 * (1 - v[4])) END FROM c $$;
