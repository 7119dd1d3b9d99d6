-- struggle against its twin in plain SQL, and the laws of merging
\set ECHO none
CREATE EXTENSION pgtap;
CREATE EXTENSION btwin;
-- compiling would cost more than these small statements
SET jit = off;
\ir struggle_twin.sql
SELECT plan(24);

\set seed 0.42
SELECT diag('seed ' || :seed) FROM (SELECT setseed(:seed)) s;

-- largest difference relative to the larger of 1 and the twin's value
CREATE FUNCTION pg_temp.off(ours float8[], twin float8[]) RETURNS float8 LANGUAGE sql AS $$
SELECT CASE WHEN count(*) FILTER (WHERE (o IS NULL) <> (t IS NULL)) > 0 THEN 'Infinity' ELSE coalesce(max(abs(o - t) / greatest(1, abs(t))), 0) END
FROM ROWS FROM (unnest(ours), unnest(twin)) u (o, t) $$;

-- steps: sizes, ties, duplicates, extremes, unknown values, weights
CREATE FUNCTION pg_temp.fill(n int, kind text) RETURNS void LANGUAGE sql AS $$
TRUNCATE btwin_oracle.example;
INSERT INTO btwin_oracle.example
SELECT CASE kind WHEN 'one class' THEN true ELSE random() < 0.3 END,
       CASE kind WHEN 'ties' THEN ARRAY[g % 2, 1, g % 3]
                 WHEN 'extremes' THEN ARRAY[1e6 * (random() - 0.5), 1e-6 * random(), CASE WHEN g % 5 = 0 THEN 300 ELSE -0.5 END]
                 WHEN 'unknown' THEN ARRAY[CASE WHEN g % 3 > 0 THEN random() END, random(), CASE WHEN g % 4 > 0 THEN random() END]
                 ELSE ARRAY[random(), 3 * random(), random() - 0.5] END,
       CASE WHEN g % 7 = 0 THEN 0 WHEN g % 7 = 1 THEN 2.5 ELSE 1 END
FROM generate_series(1, n) g;
INSERT INTO btwin_oracle.example SELECT NULL, ARRAY[1, 1, 1], 1 FROM generate_series(1, n % 5);
INSERT INTO btwin_oracle.example SELECT true, NULL, 1 FROM generate_series(1, n % 3);
$$;
CREATE FUNCTION pg_temp.step_off(n int, kind text) RETURNS float8 LANGUAGE plpgsql AS $$
DECLARE
    beta float8[] := ARRAY[random() - 0.5, CASE kind WHEN 'extremes' THEN 1e-6 ELSE random() END, random(), -random()];
    means float8[] := ARRAY[0.5, 1, 0];
    ours btwin.logit_step;
    twin record;
BEGIN
    PERFORM pg_temp.fill(n, kind);
    SELECT btwin.logit_step_agg(btwin.logit_model('{a,b,c}', beta, '{1,1,1,1}', means), y, x, weight) INTO ours FROM btwin_oracle.example;
    SELECT * INTO twin FROM btwin_oracle.step(beta, means);
    RETURN greatest(pg_temp.off(btwin.gradient(ours), twin.gradient), pg_temp.off(btwin.hessian(ours), twin.hessian),
                    abs(coalesce(btwin.evidence_count(ours), 0) - twin.n), CASE WHEN btwin.log_loss(ours) IS NOT NULL THEN
                    pg_temp.off(ARRAY[btwin.log_loss(ours)], ARRAY[-twin.log_likelihood / (SELECT sum(weight) FROM btwin_oracle.example WHERE y IS NOT NULL AND x IS NOT NULL)]) ELSE 0 END);
END $$;
SELECT cmp_ok(pg_temp.step_off(n, kind), '<', 1e-9::float8, format('step of %s rows, %s', n, kind))
FROM (VALUES (0, 'plain'), (1, 'plain'), (2, 'plain'), (10, 'plain'), (1000, 'plain'), (10000, 'plain'), (1000, 'ties'), (1000, 'extremes'), (1000, 'unknown'), (1000, 'one class')) v (n, kind);

-- Newton step under a prior that is not diagonal, and under a ridge
SELECT pg_temp.fill(500, 'plain');
CREATE TEMPORARY TABLE newton AS
SELECT btwin.logit_step_agg(btwin.logit_model('{a,b,c}', '{0.1,-0.2,0.3,0.4}', '{1,1,1,1}'), y, x, weight) AS s FROM btwin_oracle.example;
SELECT cmp_ok(pg_temp.off((SELECT array_agg(c.coefficient ORDER BY c."position") FROM newton, btwin.coefficients(btwin.logit_next(s, btwin.logit_model('{a,b,c}', '{1,2,-1,0}', p::float8[]))) c),
    (SELECT btwin_oracle.next(t.gradient, t.hessian, '{0.1,-0.2,0.3,0.4}', '{1,2,-1,0}', p::float8[]) FROM btwin_oracle.step('{0.1,-0.2,0.3,0.4}', '{0,0,0}') t)), '<', 1e-9::float8, 'Newton step under a prior')
FROM (VALUES ('{{4,1,0,0.5},{1,3,0.2,0},{0,0.2,2,-0.3},{0.5,0,-0.3,5}}')) v (p);
SELECT cmp_ok(pg_temp.off((SELECT btwin.logit_next(s, 2) FROM newton),
    (SELECT btwin_oracle.next(t.gradient, t.hessian, '{0.1,-0.2,0.3,0.4}', '{0,0,0,0}', '{{0,0,0,0},{0,2,0,0},{0,0,2,0},{0,0,0,2}}') FROM btwin_oracle.step('{0.1,-0.2,0.3,0.4}', '{0,0,0}') t)), '<', 1e-9::float8, 'Newton step under a ridge');
-- the fitted model is where the twin's penalised gradient vanishes
SELECT cmp_ok((SELECT max(abs(t.gradient[c."position" + 1] - q.prior[c."position" + 1][c."position" + 1] * c.coefficient))
    FROM (SELECT m, btwin.precision_matrix(btwin.logit_prior('{a,b,c}', '{0,0,0}', (SELECT array_agg(c.deviation ORDER BY c."position") FROM btwin.coefficients(m) c WHERE c."position" > 0))) AS prior,
                 (SELECT array_agg(c.coefficient ORDER BY c."position") FROM btwin.coefficients(m) c) AS beta, (SELECT array_agg(c.mean ORDER BY c."position") FROM btwin.coefficients(m) c WHERE c."position" > 0) AS means
          FROM (SELECT btwin.logit_fit('SELECT y, x, weight FROM btwin_oracle.example', '{a,b,c}', weighted => true) AS m OFFSET 0) q OFFSET 0) q,
         LATERAL btwin_oracle.step(q.beta, q.means) t, LATERAL btwin.coefficients(q.m) c), '<', 1e-6::float8, 'training ends where the gradient of the log posterior is zero');

-- predictions, contributions and updates of random models with correlated coefficients
CREATE TEMPORARY TABLE model AS
SELECT g, beta, prec, means, deviations, x, btwin.logit_model('{a,b,c}', beta, prec, means, deviations) AS m, random() < 0.5 AS y, CASE g % 3 WHEN 0 THEN 1 ELSE 3 * random() END AS w
FROM (SELECT g, ARRAY[random() - 0.5, 4 * random() - 2, 4 * random() - 2, 40 * random() - 20] AS beta, ARRAY[random(), random(), 0] AS means, ARRAY[random(), 0, 0.3] AS deviations,
             ARRAY[CASE WHEN g % 3 > 0 THEN random() END, CASE WHEN g % 2 = 0 THEN random() ELSE 5 END, CASE WHEN g % 5 > 0 THEN random() END] AS x,
             -- L L' + 0.01 I with a random lower triangle
             (SELECT array_agg(r ORDER BY i) FROM (SELECT i, array_agg((SELECT sum(l.v[i][k] * l.v[j][k]) FROM generate_series(1, 4) k) + CASE WHEN i = j THEN 0.01 ELSE 0 END ORDER BY j) AS r
                  FROM (SELECT array_agg(r ORDER BY i) AS v FROM (SELECT i, array_agg(CASE WHEN j <= i THEN 4 * random() - 1 ELSE 0 END ORDER BY j) AS r FROM generate_series(1, 4) i, generate_series(1, 4) j WHERE g > 0 GROUP BY i) q) l,
                       generate_series(1, 4) i, generate_series(1, 4) j GROUP BY i) q) AS prec
      FROM generate_series(1, 300) g) q;
-- the triangle's rounding may differ by order of summation
UPDATE model SET prec = (SELECT array_agg(r ORDER BY i) FROM (SELECT i, array_agg(prec[greatest(i, j)][least(i, j)] ORDER BY j) AS r FROM generate_series(1, 4) i, generate_series(1, 4) j GROUP BY i) q);
UPDATE model SET m = btwin.logit_model('{a,b,c}', beta, prec, means, deviations);
SELECT cmp_ok(max(pg_temp.off(ARRAY[p.probability, p.low, p.high], ARRAY[t.probability, t.low, t.high])), '<', 1e-9::float8, 'predictions of 300 random models')
FROM model, btwin.predict(m, x) p, btwin_oracle.predict(beta, prec, means, deviations, x) t;
SELECT cmp_ok(max(abs(c.contribution - t.contribution)), '<', 1e-7::float8, 'contributions of 300 random models')
FROM model, btwin.contributions(m, x) c, btwin_oracle.contributions(beta, prec, means, deviations, x) t WHERE t.j = CASE c.factor WHEN 'base' THEN 0 WHEN 'uncertainty' THEN -1 ELSE ascii(c.factor) - 96 END;
SELECT cmp_ok(max(abs(c.contribution_logit - t.contribution_logit) / (1 + abs(t.contribution_logit))), '<', 1e-9::float8, 'their parts of the log odds')
FROM model, btwin.contributions(m, x) c, btwin_oracle.contributions(beta, prec, means, deviations, x) t WHERE t.j = CASE c.factor WHEN 'base' THEN 0 WHEN 'uncertainty' THEN -1 ELSE ascii(c.factor) - 96 END;
SELECT cmp_ok(max(abs(s.total - p.probability)), '<', 1e-9::float8, 'contributions sum to the probability')
FROM model, btwin.predict(m, x) p, LATERAL (SELECT sum(contribution) AS total FROM btwin.contributions(m, x)) s;
SELECT cmp_ok(max(pg_temp.off((SELECT array_agg(c.coefficient ORDER BY c."position") FROM btwin.coefficients(u) c), t.new_beta)), '<', 1e-7::float8, 'coefficients after 300 random updates')
FROM model, btwin.logit_update(m, y, x, w) u, btwin_oracle.update(beta, prec, means, y, x, w) t;
SELECT cmp_ok(max(pg_temp.off(btwin.precision_matrix(u), t.new_prec)), '<', 1e-9::float8, 'precision after 300 random updates')
FROM model, btwin.logit_update(m, y, x, w) u, btwin_oracle.update(beta, prec, means, y, x, w) t;

-- the prior model and the reference's rules on random vectors, thresholds and defaults among them
CREATE TEMPORARY TABLE vector AS
SELECT ARRAY(SELECT CASE WHEN r < 0.1 THEN NULL WHEN r < 0.4 THEN (ARRAY[0, 0.2, 0.4, 0.5, 0.6, 0.7, 0.9, 1])[1 + (random() * 7)::int] ELSE random() END FROM (SELECT random() AS r FROM generate_series(1, 15) WHERE g > 0) q)::float8[] AS x
FROM generate_series(1, 3000) g;
SELECT cmp_ok(max(abs(btwin.struggle_probability(x) - btwin_oracle.struggle_probability(x))), '<', 1e-12::float8, 'prior model on 3000 vectors') FROM vector;
SELECT cmp_ok(max(abs(btwin.struggle_probability(x, 0.1) - btwin_oracle.struggle_probability(x, 0.1))), '<', 1e-12::float8, 'prior model under another rate') FROM vector;
SELECT cmp_ok(max(greatest(abs(p.probability - t.probability), abs(p.baseline - t.baseline), abs(p.confidence - t.confidence))), '<', 1e-12::float8, 'web rule on 3000 vectors')
FROM vector, btwin.epic5_struggle(x) p, btwin_oracle.epic5_struggle(x) t;
SELECT ok(bool_and(p.class = t.class AND abs(p.probability - t.probability) < 1e-12), 'Python rule on 3000 vectors')
FROM vector, btwin.epic5_struggle_class(x) p, btwin_oracle.epic5_class(x) t;

-- merging: any split, any order, any tree, the empty step, to rounding
CREATE FUNCTION pg_temp.step_close(a btwin.logit_step, b btwin.logit_step) RETURNS boolean LANGUAGE sql AS $$
SELECT btwin.evidence_count(a) = btwin.evidence_count(b) AND abs(btwin.log_loss(a) - btwin.log_loss(b)) < 1e-12
   AND pg_temp.off(btwin.gradient(a), btwin.gradient(b)) < 1e-9 AND pg_temp.off(btwin.hessian(a), btwin.hessian(b)) < 1e-9
   AND (SELECT bool_and(abs(m.mean - k.mean) < 1e-9 AND abs(m.deviation - k.deviation) < 1e-9) FROM btwin.feature_moments(a) m JOIN btwin.feature_moments(b) k USING ("position")) $$;
SELECT pg_temp.fill(1000, 'plain');
CREATE TEMPORARY TABLE part AS
SELECT round, part, btwin.logit_step_agg(y, x, '{0.1,0.2,-0.3,0.4}', weight ORDER BY r) AS s
FROM (SELECT round, (random() * (round % 7))::int AS part, random() AS r, e.* FROM generate_series(1, 20) round, btwin_oracle.example e) q GROUP BY round, part
UNION ALL SELECT round, 99, btwin.logit_step_agg(NULL::boolean, '{1,1,1}', '{0.1,0.2,-0.3,0.4}') FROM generate_series(1, 20) round GROUP BY round;
CREATE TEMPORARY TABLE whole AS SELECT btwin.logit_step_agg(y, x, '{0.1,0.2,-0.3,0.4}', weight) AS s FROM btwin_oracle.example;
SELECT ok(bool_and(pg_temp.step_close(flat, whole.s) AND pg_temp.step_close(tree, whole.s)), '20 random splits, orders and trees give one step')
FROM whole, (SELECT round, btwin.rollup(s ORDER BY random()) AS flat FROM part GROUP BY round) f
JOIN (SELECT round, btwin.rollup(s) AS tree FROM (SELECT round, part % 2, btwin.rollup(s ORDER BY part DESC) AS s FROM part GROUP BY 1, 2) q GROUP BY round) t USING (round);
SELECT * FROM finish();
