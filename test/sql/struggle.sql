-- struggle: steps, models, predictions, contributions, the prior model, errors
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

CREATE FUNCTION public.round(v float8[], digits int) RETURNS numeric[] LANGUAGE sql IMMUTABLE AS $$
SELECT pg_catalog.array_agg(pg_catalog.round(u.e::numeric, digits) ORDER BY u.i) FROM pg_catalog.unnest(v) WITH ORDINALITY u(e, i) $$;

-- y, x: (t, 1) (f, 0) (t, 0) (f, 2), and rows that are no examples
CREATE TABLE public.example (y boolean, x float8[], part int);
INSERT INTO public.example VALUES (true, '{1}', 1), (false, '{0}', 1), (NULL, '{5}', 1), (true, '{0}', 2), (false, NULL, 2), (false, '{2}', 3);

\echo == a step at zero: p = 1/2 everywhere
-- gradient = sum (y - 1/2) (1, x) = (0, 1/2 - 1); Hessian = 1/4 sum (1, x)(1, x)' = 1/4 (4 3 / 3 5);
-- log loss ln 2 = 0.693147; positives 2 of 4
SELECT btwin.evidence_count(s), public.round(ARRAY[btwin.log_loss(s)], 6) AS log_loss, btwin.positive_rate(s), btwin.beta(s), btwin.gradient(s), btwin.hessian(s)
FROM (SELECT btwin.logit_step_agg(y, x, '{0,0}') AS s FROM public.example) q;
-- H inverse g with det H = 11/16: (6/11, -8/11); g' H inverse g = 4/11
-- ridge 1: H + diag(0, 1), det 27/16: (2/9, -8/27), 4/27
SELECT public.round(btwin.logit_next(s, 0), 9) AS newton, public.round(ARRAY[btwin.newton_decrement(s, 0)], 9) AS decrement,
       public.round(btwin.logit_next(s), 9) AS ridged, public.round(ARRAY[btwin.newton_decrement(s)], 9) AS decrement_ridged
FROM (SELECT btwin.logit_step_agg(y, x, '{0,0}') AS s FROM public.example) q;
-- x: mean 3/4, variance 5/4 - 9/16 = 11/16
SELECT "position", known_weight, mean, round(deviation::numeric, 9) AS deviation
FROM btwin.feature_moments((SELECT btwin.logit_step_agg(y, x, '{0,0}') FROM public.example));

\echo == a step at (ln 3, 0): p = 3/4 everywhere
-- gradient = (1/4 - 3/4 + 1/4 - 3/4, 1/4 - 3/2); Hessian = 3/16 (4 3 / 3 5);
-- log loss = -(2 ln 3/4 + 2 ln 1/4) / 4 = 0.836988
SELECT public.round(btwin.gradient(s), 9) AS gradient, public.round(btwin.hessian(s), 9) AS hessian, public.round(ARRAY[btwin.log_loss(s)], 6) AS log_loss
FROM (SELECT btwin.logit_step_agg(y, x, ARRAY[ln(3::float8), 0]) AS s FROM public.example) q;
-- far out nothing is lost: z = 50 leaves a residual of e^-50 where y is true, and a loss of 50 where it is false
SELECT (btwin.gradient(btwin.logit_step_agg(true, '{1}', '{0,50}')))[2] / exp(-50::float8) AS residual,
       btwin.log_loss(btwin.logit_step_agg(false, '{1}', '{0,50}')) AS loss, btwin.log_loss(btwin.logit_step_agg(true, '{1}', '{0,-800}')) AS loss_800;

\echo == weights, order, groups, filters, windows, distinct, merging
SELECT public.round(btwin.gradient(s), 9) AS gradient, public.round(btwin.hessian(s), 9) AS hessian, btwin.evidence_count(s), btwin.positive_rate(s)
FROM (SELECT btwin.logit_step_agg(y, x, '{0,0}', 2) AS s FROM public.example) q;
-- weight NULL skips; weight 0 counts the row and nothing else
SELECT btwin.logit_step_agg(y, x, '{0,0}', CASE part WHEN 2 THEN NULL WHEN 3 THEN 0 ELSE 1 END) FROM public.example;
SELECT btwin.logit_step_agg(y, x, '{0,0}' ORDER BY x)::text = btwin.logit_step_agg(y, x, '{0,0}' ORDER BY x DESC)::text AS any_order FROM public.example;
SELECT btwin.logit_step_agg(y, x, '{0,0}') IS NULL AS no_rows FROM public.example WHERE false;
SELECT btwin.logit_step_agg(y, x, '{0,0}') AS only_nulls FROM public.example WHERE y IS NULL;
SELECT part, btwin.gradient(btwin.logit_step_agg(y, x, '{0,0}')) AS gradient, btwin.evidence_count(btwin.logit_step_agg(y, x, '{0,0}') FILTER (WHERE y)) AS filtered
FROM public.example GROUP BY part ORDER BY part;
SELECT part, btwin.evidence_count(btwin.logit_step_agg(y, x, '{0,0}') OVER (ORDER BY part)) AS so_far,
       btwin.evidence_count(btwin.logit_step_agg(y, x, '{0,0}') OVER (ORDER BY part ROWS BETWEEN CURRENT ROW AND 1 FOLLOWING)) AS framed
FROM public.example WHERE y IS NOT NULL AND x IS NOT NULL ORDER BY part, so_far, framed;
SELECT btwin.evidence_count(btwin.logit_step_agg(DISTINCT y, x, '{0,0}')) AS distinct_rows FROM (SELECT * FROM public.example UNION ALL SELECT * FROM public.example) q;
SELECT btwin.rollup(s)::text = (SELECT btwin.logit_step_agg(y, x, '{0,0}')::text FROM public.example) AS merged
FROM (SELECT btwin.logit_step_agg(y, x, '{0,0}') AS s FROM public.example GROUP BY part
      UNION ALL SELECT NULL UNION ALL SELECT btwin.logit_step_agg(NULL::boolean, '{1}', '{0,0}')) q;
SELECT btwin.rollup(s) AS only_empty, btwin.rollup(NULL::btwin.logit_step) IS NOT NULL AS null_is_empty FROM (SELECT btwin.logit_step_agg(NULL::boolean, '{1}', '{0,0}') AS s) q;

\echo == accessors of a step without rows
SELECT btwin.evidence_count(s), btwin.log_loss(s), btwin.positive_rate(s), btwin.beta(s), btwin.gradient(s), btwin.hessian(s), btwin.logit_next(s), btwin.newton_decrement(s),
       btwin.logit_next(s, m), btwin.newton_decrement(s, m), btwin.log_posterior(s, m), (SELECT count(*) FROM btwin.feature_moments(s)) AS moments
FROM (SELECT btwin.logit_step_agg(NULL::boolean, '{1}', '{0,0}') AS s, btwin.struggle_model() AS m) q;
SELECT btwin.log_loss(s), btwin.positive_rate(s) FROM (SELECT btwin.logit_step_agg(true, '{1}', '{0,0}', 0) AS s) q;

\echo == a step at a model, about its means
-- d = x - 3/4: gradient (0, -1/2) as above, Hessian 1/4 (4 0 / 0 11/4); precision 1: next -1/2 / (11/16 + 1) = -8/27
-- log posterior at the prior's own coefficients = log likelihood = -4 ln 2 = -2.772589; decrement 1/4 / (27/16) = 4/27
SELECT public.round(btwin.gradient(s), 9) AS gradient, btwin.hessian(s), btwin.logit_next(s, m)::jsonb - 'family' - 'version' AS next,
       public.round(ARRAY[btwin.log_posterior(s, m), btwin.newton_decrement(s, m)], 6) AS posterior_decrement
FROM (SELECT m, (SELECT btwin.logit_step_agg(m, y, x) FROM public.example) AS s
      FROM (SELECT btwin.logit_model('{a}', '{0,0}', '{1,1}', means => '{0.75}', deviations => '{2}', evidence_count => 3)) q (m)) q;
-- half of the step
SELECT btwin.logit_next(s, m, 0.5)::jsonb -> 'features' -> 0 ->> 'coefficient' AS "-4/27"
FROM (SELECT m, (SELECT btwin.logit_step_agg(m, y, x) FROM public.example) AS s FROM (SELECT btwin.logit_model('{a}', '{0,0}', '{1,1}', means => '{0.75}')) q (m)) q;
-- the prior's pull: coefficients (1, 2), prior mean 0 with precision (2 1 / 1 3): (1, 2) P (1, 2)' / 2 = (2 + 4 + 12) / 2 = 9
SELECT round((btwin.log_posterior(s, p) + 4 * btwin.log_loss(s))::numeric, 9) AS log_prior
FROM (SELECT btwin.logit_model('{a}', '{0,0}', '{{2,1},{1,3}}') AS p, (SELECT btwin.logit_step_agg(btwin.logit_model('{a}', '{1,2}', '{1,1}'), y, x) FROM public.example) AS s) q;
-- and its direction: H + P = (1 .75 / .75 1.25) + (2 1 / 1 3), gradient (0, -.5) - P (0, 0) from zero; det = 3 * 4.25 - 1.75^2 = 9.6875
-- next = (1.75 * .5, -3 * .5) / 9.6875 = (.090322581, -.15483871)
SELECT (SELECT pg_catalog.array_agg(round(coefficient::numeric, 9) ORDER BY "position") FROM btwin.coefficients(btwin.logit_next(s, p))) AS next
FROM (SELECT p, (SELECT btwin.logit_step_agg(p, y, x) FROM public.example) AS s FROM (SELECT btwin.logit_model('{a}', '{0,0}', '{{2,1},{1,3}}') AS p) q) q;
-- from elsewhere: at (1, 0) under prior mean (1, 0) the pull is zero, under mean (0, 0) it is P (1, 0)
SELECT round((btwin.log_posterior(s, a) - btwin.log_posterior(s, b))::numeric, 9) AS "half of P11"
FROM (SELECT btwin.logit_model('{a}', '{1,0}', '{{2,1},{1,3}}') AS a, btwin.logit_model('{a}', '{0,0}', '{{2,1},{1,3}}') AS b,
             (SELECT btwin.logit_step_agg(btwin.logit_model('{a}', '{1,0}', '{1,1}'), y, x) FROM public.example) AS s) q;
-- an unknown feature stands at the mean: no gradient, no curvature, counted
SELECT btwin.gradient(s), btwin.hessian(s), s::jsonb -> 'unknown' AS unknown
FROM (SELECT btwin.logit_step_agg(btwin.logit_model('{a,b}', '{0,0,0}', '{1,1,1}', means => '{7,8}'), true, '{9,NULL}', 2) AS s) q;
SELECT * FROM btwin.feature_moments((SELECT btwin.logit_step_agg(btwin.logit_model('{a,b}', '{0,0,0}', '{1,1,1}', means => '{7,8}'), true, x) FROM (VALUES ('{9,NULL}'::float8[]), ('{11,NULL}')) v (x)));

\echo == training to convergence, against a closed form
-- x = 0: 1 of 4 true, x = 1: 3 of 4: log odds -ln 3 and ln 3, so slope 2 ln 3 = 2.197225 and 0 at the mean 1/2;
-- variance of the slope = 2 (1 / (4 3/16)) = 8/3, standard error 1.632993
CREATE TABLE public.saturated AS
SELECT y, ARRAY[x]::float8[] AS x, n::float8 AS weight FROM (VALUES (true, 0, 1), (false, 0, 3), (true, 1, 3), (false, 1, 1)) v (y, x, n);
SELECT "position", feature, round(coefficient::numeric, 5) AS coefficient, round(standard_error::numeric, 5) AS standard_error, mean, deviation
FROM btwin.coefficients(btwin.logit_fit('SELECT y, x FROM public.saturated, pg_catalog.generate_series(1, weight::int)', '{x}', prior_sd => 1000));
SELECT round(coefficient::numeric, 5) AS coefficient, round(low::numeric, 4) AS low, round(high::numeric, 4) AS high
FROM btwin.coefficients(btwin.logit_fit('SELECT y, x, weight FROM public.saturated;  ', '{x}', prior_sd => 1000, weighted => true)) WHERE "position" = 1;
-- the same by hand with plain coefficients
DO $$
DECLARE
    beta float8[] := '{0,0}';
    step btwin.logit_step;
    iterations int := 0;
BEGIN
    LOOP
        SELECT btwin.logit_step_agg(y, x, beta, weight) INTO step FROM public.saturated;
        EXIT WHEN btwin.newton_decrement(step, 0) < 1e-12;
        beta := btwin.logit_next(step, 0);
        iterations := iterations + 1;
    END LOOP;
    RAISE NOTICE '% after % steps, log loss %', public.round(beta, 6), iterations, round(btwin.log_loss(step)::numeric, 6);
END $$;
-- prior_sd 1 on deviation 1/2: precision (1/2)^2; the slope b solves 4 (3/4 - p(b/2)) = b / 4, so b = 2 * u: 3 - 4 p(u) = u / 2
SELECT round(coefficient::numeric, 6) AS slope, abs(3 - 4 / (1 + exp(-coefficient / 2)) - coefficient / 4) < 1e-9 AS solves
FROM btwin.coefficients(btwin.logit_fit('SELECT y, x, weight FROM public.saturated', '{x}', weighted => true)) WHERE "position" = 1;
-- separable examples end at a finite mode; a constant feature stays at 0; unknown values count as the mean; large offsets do no harm
SELECT feature, round(coefficient::numeric, 4) AS coefficient, mean, deviation
FROM btwin.coefficients(btwin.logit_fit($$SELECT g > 5, ARRAY[1000000 + g, 7, CASE WHEN g % 2 = 0 THEN g % 4 END]::float8[] FROM pg_catalog.generate_series(1, 10) g$$, '{separable,constant,half_known}'));
-- overshooting steps are halved: far out, wide prior
SELECT round(coefficient::numeric, 3) AS coefficient FROM btwin.coefficients(btwin.logit_fit(
    $$SELECT g > 5, ARRAY[g]::float8[] FROM pg_catalog.generate_series(1, 10) g$$, '{separable}', prior_sd => 100, max_iterations => 100)) WHERE "position" = 1;
SELECT btwin.logit_fit('SELECT true, NULL::float8[]', NULL) IS NULL AS strict;
-- per standard deviation: 1 / 0.005; an unknown value adds nothing to the log odds
SELECT "position", standard_error FROM btwin.coefficients(btwin.logit_prior('{a}', '{0}', '{0.005}'));
SELECT factor, value, contribution_logit FROM btwin.contributions(btwin.logit_model('{a,b}', '{0,1,2}', '{1,1,1}', '{1,5}'), '{NULL,6}') WHERE factor IN ('a', 'b');
-- the same point written in another way is the same point
SELECT btwin.evidence_count(btwin.logit_step_agg(y, x, point)) AS rows
FROM (VALUES (true, '{1}'::float8[], '{0,0}'::float8[]), (false, '{2}', '[0:1]={0,0}'), (false, '{2}', '{-0,0}')) v(y, x, point);
-- a weight of a thousandth is a weight: ln 2 at coefficients 0; 1 and 3 have mean 2 and deviation 1
SELECT round(btwin.log_loss(s)::numeric, 9) AS log_loss, btwin.positive_rate(s) AS rate, m.mean, round(m.deviation::numeric, 9) AS deviation
FROM (SELECT btwin.logit_step_agg(btwin.logit_prior('{a}', '{0}', '{1}'), y, x, 0.001) AS s FROM (VALUES (true, '{1}'::float8[]), (false, '{3}')) v(y, x)) q, LATERAL btwin.feature_moments(s) m;
-- a feature that is never known stays at the prior: coefficient 0 -+ 1, mean and deviation 0
SELECT feature, coefficient, standard_error, mean, deviation
FROM btwin.coefficients(btwin.logit_fit('SELECT g % 3 = 0, ARRAY[g, NULL]::float8[] FROM pg_catalog.generate_series(1, 9) g', '{known,never}')) WHERE feature = 'never';

\echo == making models: inverse of the accessors
SELECT btwin.logit_model('{a,b}', '{0.5,1,-2}', '{{4,1,0},{1,3,0.5},{0,0.5,2}}', '{1,2}', '{0.1,0.2}', 42);
SELECT btwin.logit_model(array_agg(c.feature ORDER BY c."position") FILTER (WHERE c."position" > 0), array_agg(c.coefficient ORDER BY c."position"),
                         '{{4,1,0},{1,3,0.5},{0,0.5,2}}', array_agg(c.mean ORDER BY c."position") FILTER (WHERE c."position" > 0),
                         array_agg(c.deviation ORDER BY c."position") FILTER (WHERE c."position" > 0), 42)::text = min(m::text) AS inverse,
       min(btwin.evidence_count(m)) AS evidence
FROM (SELECT btwin.logit_model('{a,b}', '{0.5,1,-2}', '{{4,1,0},{1,3,0.5},{0,0.5,2}}', '{1,2}', '{0.1,0.2}', 42) AS m) q, btwin.coefficients(m) c;
-- precision (4 2 / 2 2): covariance (1/2 -1/2 / -1/2 1), errors 0.707107 and 1; 1 +- 1.959964
SELECT "position", feature, coefficient, round(standard_error::numeric, 6) AS standard_error, round(low::numeric, 6) AS low, round(high::numeric, 6) AS high
FROM btwin.coefficients(btwin.logit_model('{a}', '{3,1}', '{{4,2},{2,2}}'));
-- 1 / 10^2; (deviation / prior_sd)^2; a constant feature as if its deviation were 1
SELECT btwin.logit_prior('{a,b}', '{1,2}', '{3,0}', prior_sd => 2);
SELECT btwin.precision_matrix(btwin.logit_prior('{a}', '{0}', '{1}', intercept_sd => 0.5));

\echo == predictions: expected values by hand
-- a: coefficient 1, mean 1, deviation 2, precision diag(100, 25), intercept 0.5. x = 3: z = 0.5 + 2, variance 1/100 + 4/25 = 0.17,
-- log odds 2.5 / sqrt(1 + pi/8 0.17) = 2.420510, p = 0.918378; interval logistic(2.5 -+ 1.959964 sqrt 0.17) = 0.844472, 0.964706
-- x unknown: z = 0.5, variance 1/100 + (1 + 1/25) 4 = 4.17, log odds 0.5 / sqrt(1 + pi/8 4.17) = 0.307873, p = 0.576366;
-- interval logistic(0.5 -+ 1.959964 sqrt 4.17) = 0.029245, 0.989039
SELECT x, round(probability::numeric, 6) AS probability, round(low::numeric, 6) AS low, round(high::numeric, 6) AS high, round(confidence::numeric, 6) AS confidence, evidence_count, unknown_count
FROM (VALUES ('{3}'::float8[]), ('{NULL}')) v (x), btwin.predict(btwin.logit_model('{a}', '{0.5,1}', '{100,25}', '{1}', '{2}', 7), x);
-- covariances count: precision (4 2 / 2 2) has covariance (1/2 -1/2 / -1/2 1): d = (1, 1) has variance 1/2 - 1 + 1 = 1/2, d = (1, -1) 5/2
SELECT x, round((ln(probability / (1 - probability)))::numeric, 9) AS log_odds, round(((3 + x[1]) / sqrt(1 + pi() / 8 * v))::numeric, 9) AS expected
FROM (VALUES ('{1}'::float8[], 0.5), ('{-1}', 2.5)) v (x, v), btwin.predict(btwin.logit_model('{a}', '{3,1}', '{{4,2},{2,2}}'), x);
-- the interval always holds the probability, also where the mean of a skewed distribution leaves it
SELECT probability = high AS at_its_edge, low < probability AS above_low FROM btwin.predict(btwin.logit_model('{a}', '{-60,0}', '{0.05,1}'), '{0}');

\echo == contributions: they sum, and each is what api and comment say
-- x = 3 above: z0 = 0.5 / sqrt(1 + pi/8 0.01) = 0.499021, p0 = 0.622229; l = 2; slope (0.918378 - 0.622229) / (2.420510 - 0.499021) = 0.154125
SELECT factor, value, weight, round(contribution::numeric, 6) AS contribution, round(contribution_logit::numeric, 6) AS contribution_logit, is_base
FROM btwin.contributions(btwin.logit_model('{a}', '{0.5,1}', '{100,25}', '{1}', '{2}', 7), '{3}');
-- at the means: base alone
SELECT factor, value, weight, contribution, contribution_logit FROM btwin.contributions(btwin.logit_model('{a,b}', '{0,1,2}', '{1,1,1}', '{1,5}'), '{1,5}');
-- opposite parts cancel: z = z0, slope p0 (1 - p0) = 1/4; exact coefficients, so no uncertainty to speak of
SELECT factor, round(contribution::numeric, 9) AS contribution FROM btwin.contributions(btwin.logit_model('{a,b}', '{0,1,-1}', '{1e18,1e18,1e18}'), '{2,2}');
-- sums over random models and features, close to and far from the base, known and unknown
SELECT setseed(0.12) IS NULL AS seed;
SELECT count(*) AS cases, max(abs(s.total - p.probability)) < 1e-12 AS sum_to_probability, max(abs(s.logit - ln(p.probability / (1 - p.probability)))) < 1e-9 AS sum_to_log_odds,
       bool_and(s.base = b.probability) AS base_is_prediction_at_means, bool_and(p.low <= p.probability AND p.probability <= p.high AND p.confidence BETWEEN 0 AND 1) AS ordered
FROM (SELECT btwin.logit_model('{a,b,c}', ARRAY[random(), random() * 4 - 2, random() * 4 - 2, random() - 0.5], ARRAY[1 + 9 * random(), 1 + random(), 1 + random(), 5], ARRAY[random(), random(), 0], '{1,0.5,2}') AS m, g,
             ARRAY[CASE WHEN g % 3 > 0 THEN random() END, random() * CASE WHEN g % 2 = 0 THEN 1e-6 ELSE 3 END, CASE WHEN g % 5 > 0 THEN 0 END] AS x,
             g AS id FROM pg_catalog.generate_series(1, 500) g) q,
     LATERAL btwin.predict(m, x) p,
     LATERAL btwin.predict(m, (SELECT array_agg(c.mean ORDER BY c."position") FROM btwin.coefficients(m) c WHERE c."position" > 0)) b,
     LATERAL (SELECT sum(contribution) AS total, sum(contribution_logit) AS logit, min(contribution) FILTER (WHERE is_base) AS base FROM btwin.contributions(m, x)) s;

\echo == online updates: closed forms
-- features at their means, precision 1: the mode solves a = w (y - p), z' = z + a. y true, z = ln 3 - 1/4: z' = ln 3, p = 3/4, a = 1/4, precision 1 + 3/16
-- y false, z = ln 3 + 3/4: a = -3/4, z' = ln 3. weight 2, y true, z = ln 3 - 1/2: a = 1/2, precision 1 + 2 * 3/16
SELECT y, weight, round((c.coefficient - ln(3::float8))::numeric, 12) AS off, (btwin.precision_matrix(u))[1][1] AS precision, btwin.evidence_count(u) AS examples
FROM (VALUES (true, -0.25, 1.0), (false, 0.75, 1), (true, -0.5, 2), (true, 0, 0)) v (y, shift, weight),
     LATERAL btwin.logit_update(btwin.logit_model('{a}', ARRAY[ln(3::float8) + shift, 0], '{1,1}', '{5}', evidence_count => 9), y, '{5}', weight) u,
     LATERAL btwin.coefficients(u) c WHERE c."position" = 0;
-- a feature: d = (1, 2), precision 1: variance 5 along d, y true, z = ln 3 - 5/4: coefficients + (1/4, 1/2), precision + 3/16 (1 2 / 2 4)
SELECT public.round(ARRAY[c0.coefficient - ln(3::float8) + 1.25, c1.coefficient], 12) AS moved, public.round(btwin.precision_matrix(u), 9) AS precision
FROM btwin.logit_update(btwin.logit_model('{a}', ARRAY[ln(3::float8) - 1.25, 0], '{1,1}', '{5}'), true, '{7}') u,
     LATERAL btwin.coefficients(u) c0, LATERAL btwin.coefficients(u) c1 WHERE c0."position" = 0 AND c1."position" = 1;
-- an unknown feature learns nothing
SELECT c.coefficient, (btwin.precision_matrix(u))[2][2] AS precision
FROM btwin.logit_update(btwin.logit_model('{a}', '{0,1}', '{1,1}'), true, '{NULL}') u, LATERAL btwin.coefficients(u) c WHERE c."position" = 1;
-- very surprising, very vague: still the mode (a = 1 - p(z + s a) as far as the rounded coefficients tell)
SELECT bool_and(abs(a - (1 - p)) < 1e-8) AS is_mode
FROM (VALUES (-30.0, 1e-6), (-700, 1e-3), (30, 1e-6), (-5, 1), (5, 1e6)) v (z, precision),
     LATERAL btwin.logit_update(btwin.logit_model('{a}', ARRAY[z, 0], ARRAY[precision, 1]), true, '{0}') u,
     LATERAL (SELECT c.coefficient AS z1 FROM btwin.coefficients(u) c WHERE c."position" = 0) c,
     LATERAL (SELECT (c.z1 - z) * precision AS a, 1 / (1 + exp(-c.z1)) AS p) s;

\echo == types: exact text, binary through COPY, canonical bytes
CREATE TABLE public.state (id int, step btwin.logit_step, model btwin.logit_model);
INSERT INTO public.state
SELECT 1, btwin.logit_step_agg(NULL::boolean, '{1}', '{0,0}'), btwin.struggle_model() UNION ALL
SELECT 2, (SELECT btwin.logit_step_agg(y, x, ARRAY[1.0/3, -0.1]) FROM public.example), btwin.logit_model(ARRAY['"quoted" \ ' || pg_catalog.chr(9)], '{1e-150,1e150}', '{1e-3,7e7}') UNION ALL
SELECT 3, (SELECT btwin.logit_step_agg(g % 3 = 0, pg_catalog.array_fill(g / 7.0::float8, ARRAY[64]), pg_catalog.array_fill(0.01::float8, ARRAY[65])) FROM pg_catalog.generate_series(1, 9) g),
       btwin.logit_prior((SELECT pg_catalog.array_agg('f' || g) FROM pg_catalog.generate_series(1, 64) g), pg_catalog.array_fill(0.1::float8, ARRAY[64]), pg_catalog.array_fill(0.2::float8, ARRAY[64]));
SELECT id, step::text::btwin.logit_step::text = step::text AND btwin.logit_step_send(step::text::btwin.logit_step) = btwin.logit_step_send(step) AS step_exact,
       model::text::btwin.logit_model::text = model::text AND btwin.logit_model_send(model::text::btwin.logit_model) = btwin.logit_model_send(model) AS model_exact,
       pg_catalog.length(btwin.logit_step_send(step)) AS step_bytes, pg_catalog.length(btwin.logit_model_send(model)) AS model_bytes
FROM public.state ORDER BY id;
CREATE TABLE public.copied (LIKE public.state);
\copy public.state TO 'results/struggle_state.bin' (FORMAT binary)
\copy public.copied FROM 'results/struggle_state.bin' (FORMAT binary)
SELECT count(*) AS same FROM public.state s JOIN public.copied c ON c.id = s.id AND c.step::text = s.step::text AND c.model::text = s.model::text;
-- minus zero is zero
SELECT btwin.logit_model_send(btwin.logit_model('{a}', '{-0,-0}', '{1,1}')) = btwin.logit_model_send(btwin.logit_model('{a}', '{0,0}', '{1,1}')) AS one_zero;
SELECT step::jsonb - 'hessian' AS step, model::jsonb AS model FROM public.state WHERE id = 2;
SELECT pg_catalog.array_agg(k ORDER BY k COLLATE "C") AS keys FROM public.state, pg_catalog.jsonb_object_keys(step::jsonb) k WHERE id = 1;

\echo == parallel and partitionwise: the plan splits, the answer stays
CREATE TABLE public.many (g int, y boolean, x float8[]) PARTITION BY HASH (g);
CREATE TABLE public.many0 PARTITION OF public.many FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE public.many1 PARTITION OF public.many FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO public.many SELECT g, g % 7 < 3, ARRAY[g % 11, (g * 37) % 101 / 100.0] FROM pg_catalog.generate_series(1, 20000) g;
ANALYZE public.many;
SET max_parallel_workers_per_gather = 0;
CREATE TABLE public.serial AS SELECT btwin.logit_step_agg(y, x, '{0.1,0.02,-0.5}') AS s, btwin.logit_step_agg(btwin.logit_prior('{a,b}', '{5,0.5}', '{1,1}'), y, x) AS m FROM public.many;
SET min_parallel_table_scan_size = 0;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET max_parallel_workers_per_gather = 2;
CREATE FUNCTION public.close(a btwin.logit_step, b btwin.logit_step) RETURNS boolean LANGUAGE sql AS $$
SELECT btwin.evidence_count(a) = btwin.evidence_count(b) AND pg_catalog.abs(btwin.log_loss(a) - btwin.log_loss(b)) < 1e-12
   AND bool_and(pg_catalog.abs(u.p - u.q) <= 1e-9 * pg_catalog.abs(u.q) + 1e-9)
FROM ROWS FROM (pg_catalog.unnest(btwin.gradient(a)), pg_catalog.unnest(btwin.gradient(b)), pg_catalog.unnest(btwin.hessian(a)), pg_catalog.unnest(btwin.hessian(b))) r (g, h, i, j),
     LATERAL (VALUES (r.g, r.h), (r.i, r.j)) u (p, q) WHERE u.p IS NOT NULL $$;
CREATE FUNCTION public.plan_has(query text, words text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE line text; found boolean := false;
BEGIN
    FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP found := found OR line LIKE '%' || words || '%'; END LOOP;
    RETURN found;
END $$;
SELECT public.plan_has($$SELECT btwin.logit_step_agg(y, x, '{0.1,0.02,-0.5}') FROM public.many$$, 'Partial Aggregate') AS splits,
       public.plan_has($$SELECT btwin.logit_step_agg(y, x, '{0.1,0.02,-0.5}') FROM public.many$$, 'Gather') AS parallel,
       public.close((SELECT btwin.logit_step_agg(y, x, '{0.1,0.02,-0.5}') FROM public.many), (SELECT s FROM public.serial)) AS same,
       public.close((SELECT btwin.logit_step_agg(btwin.logit_prior('{a,b}', '{5,0.5}', '{1,1}'), y, x) FROM public.many), (SELECT m FROM public.serial)) AS same_model;
SET parallel_leader_participation = off;
SELECT public.close((SELECT btwin.logit_step_agg(y, x, '{0.1,0.02,-0.5}', 1) FROM public.many), (SELECT s FROM public.serial)) AS workers_alone;
-- workers without rows
SELECT btwin.logit_step_agg(y, x, '{0.1,0.02,-0.5}') FILTER (WHERE g < 0) IS NULL AS none, btwin.evidence_count(btwin.logit_step_agg(y, x, '{0.1,0.02,-0.5}') FILTER (WHERE g = 77)) AS one FROM public.many;
SET max_parallel_workers_per_gather = 0;
SET enable_partitionwise_aggregate = on;
SELECT public.plan_has($$SELECT btwin.logit_step_agg(y, x, '{0.1,0.02,-0.5}') FROM public.many$$, 'Partial Aggregate') AS splits,
       public.close((SELECT btwin.logit_step_agg(y, x, '{0.1,0.02,-0.5}') FROM public.many), (SELECT s FROM public.serial)) AS partitionwise;
RESET enable_partitionwise_aggregate;
RESET min_parallel_table_scan_size;
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
RESET parallel_leader_participation;
RESET max_parallel_workers_per_gather;

\echo == arrays in every form: plain, short header, compressed, external, expanded
CREATE TABLE public.form (id int, x float8[]);
ALTER TABLE public.form ALTER x SET STORAGE EXTERNAL;
INSERT INTO public.form SELECT g, pg_catalog.array_fill(g::float8, ARRAY[3]) FROM pg_catalog.generate_series(1, 3) g;
SELECT public.round(btwin.gradient(btwin.logit_step_agg(true, x, '{0,0,0,0}')), 6) AS short FROM public.form;
DO $$
DECLARE x float8[] := '{1,1,1}'; beta float8[] := '{0,0,0,0}'; model btwin.logit_model := btwin.logit_prior('{a,b,c}', '{0,0,0}', '{1,1,1}'); step btwin.logit_step; again btwin.logit_step;
BEGIN
    x[2] := 2; x[3] := 3; beta[1] := 0;
    SELECT btwin.logit_step_agg(true, x, beta), btwin.logit_step_agg(model, true, x) INTO step, again;
    RAISE NOTICE 'expanded: % %', btwin.gradient(step), btwin.gradient(again);
    x[2] := NULL;
    RAISE NOTICE 'expanded with null: %', (SELECT unknown_count FROM btwin.predict(model, x));
END $$;
SELECT unknown_count, probability = 0.5 AS even FROM btwin.predict(btwin.logit_prior('{a,b,c}', '{0,0,0}', '{1,1,1}'), '[5:7]={NULL,0,NULL}');
CREATE TABLE public.toasted (m btwin.logit_model);
INSERT INTO public.toasted SELECT model FROM public.state WHERE id = 3;
SELECT probability FROM public.toasted, btwin.predict(m, pg_catalog.array_fill(NULL::float8, ARRAY[64]));

\echo == one model for many rows is read once, another is noticed
SELECT m.id, round((btwin.predict(m.model, '{1}')).probability::numeric, 6) AS probability
FROM (VALUES (1, btwin.logit_model('{a}', '{0,1}', '{1e9,1e9}')), (2, btwin.logit_model('{a}', '{0,2}', '{1e9,1e9}')), (3, btwin.logit_model('{a}', '{0,1}', '{1e9,1e9}'))) m (id, model);

\echo == the prior model of struggle
SELECT "position", feature, mean, deviation, coefficient FROM btwin.struggle_features();
SELECT round(standard_error::numeric, 9) AS standard_error, count(*) FROM btwin.coefficients(btwin.struggle_model()) GROUP BY 1 ORDER BY 2;
-- the order of the arguments is the order of the table
SELECT pg_catalog.array_agg(f.feature ORDER BY f."position") = (SELECT p.proargnames FROM pg_catalog.pg_proc p WHERE p.proname = 'struggle_vector') AS same_order,
       pg_catalog.array_agg(f.feature ORDER BY f."position") = (SELECT pg_catalog.array_agg(c.feature ORDER BY c."position") FROM btwin.coefficients(btwin.struggle_model()) c WHERE c."position" > 0) AS same_names,
       bool_and(f.meaning <> '') AS described
FROM btwin.struggle_features() f;
SELECT btwin.struggle_vector(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
-- nothing known: the population's rate
SELECT round(btwin.struggle_probability(btwin.struggle_vector())::numeric, 12) AS shipped, round(btwin.struggle_probability(btwin.struggle_vector(), 0.25)::numeric, 12) AS told,
       btwin.struggle_probability(NULL) AS unknown, (SELECT round(confidence::numeric, 6) FROM btwin.predict(btwin.struggle_model(), btwin.struggle_vector())) AS confidence;
-- intercept = logit(0.38) / k, k = 1 / sqrt(1 + pi/8 s2), s2 = 0.3^2 + sum (coefficient^2 + 0.5^2) deviation^2
SELECT round((c.coefficient - ln(0.38 / 0.62::float8) * sqrt(1 + pi() / 8 * (0.09 + s.s2)))::numeric, 12) AS off
FROM btwin.coefficients(btwin.struggle_model()) c, (SELECT sum((f.coefficient ^ 2 + 0.25) * f.deviation ^ 2) AS s2 FROM btwin.struggle_features() f) s WHERE c."position" = 0;
SELECT round(btwin.struggle_probability(x)::numeric, 9) = round((btwin.predict(btwin.struggle_model(), x)).probability::numeric, 9) AS same, btwin.struggle_level(btwin.struggle_probability(x)) AS level
FROM (VALUES (btwin.struggle_vector(content_complexity => 0.9, prerequisite_mastery_gap => 1, cognitive_load_indicator => 0.9)), (btwin.struggle_vector(content_complexity => 0.3)),
             (btwin.feature_vector(btwin.struggle_model(), '{"content_complexity": 0.6, "historical_struggle_score": 0.9, "workload_level": null}'))) v (x);
-- from 0 to 1 the log odds move by the coefficient
SELECT bool_and(abs(one.contribution_logit - zero.contribution_logit - f.coefficient) < 1e-12 AND one.weight = f.coefficient) AS all_coefficients, count(*)
FROM btwin.struggle_features() f,
     LATERAL btwin.contributions(btwin.struggle_model(), ARRAY(SELECT CASE WHEN i = f."position" THEN 1 END FROM pg_catalog.generate_series(1, 15) i)) one,
     LATERAL btwin.contributions(btwin.struggle_model(), ARRAY(SELECT CASE WHEN i = f."position" THEN 0 END FROM pg_catalog.generate_series(1, 15) i)) zero
WHERE one.factor = f.feature AND zero.factor = f.feature;
-- one full prediction by hand: complexity 0.9 known, all else unknown. z = intercept + 2.5 (0.9 - 0.55),
-- variance 0.3^2 + 0.5^2 0.35^2 + sum over the others (coefficient^2 + 0.5^2) deviation^2
SELECT round((btwin.struggle_probability(btwin.struggle_vector(content_complexity => 0.9)) - 1 / (1 + exp(-(c.coefficient + 0.875) / sqrt(1 + pi() / 8 * (0.09 + 0.25 * 0.1225 + s.s2)))))::numeric, 12) AS off
FROM btwin.coefficients(btwin.struggle_model()) c, (SELECT sum((f.coefficient ^ 2 + 0.25) * f.deviation ^ 2) AS s2 FROM btwin.struggle_features() f WHERE f.feature <> 'content_complexity') s WHERE c."position" = 0;
SELECT p, btwin.struggle_level(p) FROM pg_catalog.unnest('{0,0.39999,0.4,0.69999,0.7,1}'::float8[]) p;
SELECT p, s, btwin.struggle_outcome(p, s) FROM (VALUES (0.5, true), (0.5, false), (0.4999, true), (0.4999, false), (0.5, NULL)) v (p, s);

\echo == errors
SELECT public.fault(s) FROM (VALUES
    ($$SELECT btwin.logit_step_agg(true, '{1,2}', '{0,0}')$$),
    ($$SELECT btwin.logit_step_agg(true, '{}', '{0}')$$),
    ($$SELECT btwin.logit_step_agg(true, '{}', '{}')$$),
    ($$SELECT btwin.logit_step_agg(true, '{}', '{0,0}')$$),
    ($$SELECT btwin.logit_step_agg(true, '{NULL}', '{0,0}')$$),
    ($$SELECT btwin.logit_step_agg(true, '{1}', '{0,NULL}')$$),
    ($$SELECT btwin.logit_step_agg(true, '{1}', NULL::float8[])$$),
    ($$SELECT btwin.logit_step_agg(NULL::btwin.logit_model, true, '{1}')$$),
    ($$SELECT btwin.logit_step_agg(true, '{NaN}', '{0,0}')$$),
    ($$SELECT btwin.logit_step_agg(true, '{1}', '{0,Infinity}')$$),
    ($$SELECT btwin.logit_step_agg(true, '{{1}}', '{0,0}')$$),
    ($$SELECT btwin.logit_step_agg(true, '{1}', '{0,0}', -1)$$),
    ($$SELECT btwin.logit_step_agg(true, '{1}', '{0,0}', 'NaN')$$),
    ($$SELECT btwin.logit_step_agg(true, '{1e300}', '{0,1e300}')$$),
    ($$SELECT btwin.logit_step_agg(true, ARRAY[x], '{0,0}') FROM (VALUES (1e308::float8), (1e308)) v(x)$$),
    ($$SELECT btwin.logit_step_agg(true, '{1}', ARRAY[0, g]::float8[]) FROM generate_series(1, 2) g$$),
    ($$SELECT btwin.logit_step_agg(true, array_fill(0::float8, ARRAY[65]), array_fill(0::float8, ARRAY[66]))$$),
    ($$SELECT btwin.logit_step_agg(btwin.logit_prior('{a}', ARRAY[g]::float8[], '{1}'), true, '{1}') FROM generate_series(1, 2) g$$),
    ($$SELECT btwin.rollup(s) FROM (SELECT btwin.logit_step_agg(true, '{1}', ARRAY[0, g]::float8[]) FROM generate_series(1, 2) g GROUP BY g) v(s)$$),
    ($$SELECT btwin.logit_next(btwin.logit_step_agg(true, '{1}', '{0,0}'), 0)$$),
    ($$SELECT btwin.logit_next(btwin.logit_step_agg(true, '{1}', '{0,0}'), -1)$$),
    ($$SELECT btwin.logit_next(btwin.logit_step_agg(true, '{1}', '{0,0}'), btwin.struggle_model())$$),
    ($$SELECT btwin.logit_next(btwin.logit_step_agg(true, '{1}', '{0,0}'), btwin.logit_prior('{a}', '{5}', '{1}'))$$),
    ($$SELECT btwin.logit_next(btwin.logit_step_agg(true, '{1}', '{0,0}'), btwin.logit_prior('{a}', '{0}', '{1}'), 2)$$),
    ($$SELECT btwin.logit_model('{}', '{0}', '{1}')$$),
    ($$SELECT btwin.logit_model('{a}', '{0}', '{1,1}')$$),
    ($$SELECT btwin.logit_model('{a}', '{0,NULL}', '{1,1}')$$),
    ($$SELECT btwin.logit_model('{a}', '{0,NaN}', '{1,1}')$$),
    ($$SELECT btwin.logit_model('{a}', '{0,0}', NULL)$$),
    ($$SELECT btwin.logit_model('{a}', '{0,0}', '{1}')$$),
    ($$SELECT btwin.logit_model('{a}', '{0,0}', '{1,0}')$$),
    ($$SELECT btwin.logit_model('{a}', '{0,0}', '{{1,2},{3,1}}')$$),
    ($$SELECT btwin.logit_model('{a}', '{0,0}', '{{1,2},{2,1}}')$$),
    ($$SELECT btwin.logit_model('{a,a}', '{0,0,0}', '{1,1,1}')$$),
    ($$SELECT btwin.logit_model('{""}', '{0,0}', '{1,1}')$$),
    ($$SELECT btwin.logit_model('{a}', '{0,0}', '{1,1}', means => '{1,2}')$$),
    ($$SELECT btwin.logit_model('{a}', '{0,0}', '{1,1}', deviations => '{-1}')$$),
    ($$SELECT btwin.logit_model('{a}', '{0,0}', '{1,1}', evidence_count => -1)$$),
    ($$SELECT btwin.logit_prior(array(SELECT 'f' || g FROM generate_series(1, 65) g), '{}', '{}')$$),
    ($$SELECT btwin.logit_prior('{a}', '{0}', '{1}', prior_sd => 0)$$),
    ($$SELECT btwin.logit_prior('{a}', '{0}', '{1}', intercept_sd => 1.01e6)$$),
    ($$SELECT btwin.predict(btwin.struggle_model(), '{0.5,0.5,0.5,0.5,0.5,0.5,0.5,0.5,0.5,0.5,0.5,0.5,0.5,0.5}')$$),
    ($$SELECT btwin.predict(btwin.struggle_model(), '{}')$$),
    ($$SELECT btwin.predict(btwin.logit_prior('{a}', '{0}', '{1}'), '{Infinity}')$$),
    ($$SELECT btwin.predict(btwin.logit_model('{a}', '{0,1e200}', '{1,1}'), '{1e200}')$$),
    ($$SELECT * FROM btwin.contributions(btwin.struggle_model(), '{0.5}')$$),
    ($$SELECT btwin.logit_update(btwin.struggle_model(), true, '{0.5}')$$),
    ($$SELECT btwin.logit_update(btwin.logit_prior('{a}', '{0}', '{1}'), true, '{1}', -1)$$),
    ($$SELECT btwin.logit_update(btwin.logit_prior('{a}', '{0}', '{1}'), true, '{1e200}')$$),
    ($$SELECT btwin.struggle_probability('{0.5}')$$),
    ($$SELECT btwin.struggle_probability(btwin.struggle_vector(retention_score => 1.01))$$),
    ($$SELECT btwin.struggle_probability(btwin.struggle_vector(workload_level => -0.01))$$),
    ($$SELECT btwin.struggle_probability(btwin.struggle_vector(workload_level => 'NaN'))$$),
    ($$SELECT btwin.struggle_probability(btwin.struggle_vector(), 0)$$),
    ($$SELECT btwin.struggle_model(1)$$),
    ($$SELECT btwin.struggle_level(1.5)$$),
    ($$SELECT btwin.feature_vector(btwin.struggle_model(), '{"retention": 0.5}')$$),
    ($$SELECT btwin.feature_vector(btwin.struggle_model(), '{"retention_score": "0.5"}')$$),
    ($$SELECT btwin.feature_vector(btwin.struggle_model(), '[0.5]')$$),
    ($$SELECT btwin.logit_prior('{a}', '{0}', '{1}', 1.01e6)$$),
    ($$SELECT btwin.logit_prior('{a}', '{0}', '{1}', 1, 1.01e6)$$),
    ($$SELECT btwin.logit_fit('SELECT true, NULL::float8[]', '{a}')$$),
    ($$SELECT btwin.logit_fit('SELECT true, ARRAY[1.0, 2]::float8[]', '{a}')$$),
    ($$SELECT btwin.logit_fit('SELECT true, ARRAY[1.0]::float8[]', '{a}', max_iterations => 0)$$),
    ($$SELECT btwin.logit_fit('SELECT true, ARRAY[1.0]::float8[]', '{a}', tolerance => 0)$$),
    ($$SELECT btwin.logit_fit('SELECT g > 3, ARRAY[g]::float8[] FROM generate_series(1, 9) g', '{a}', max_iterations => 1)$$)
) x(s);
-- rows that differ each time have no maximum: 50 iterations by default
SELECT pg_catalog.substring(public.fault($$SELECT btwin.logit_fit('SELECT random() < 0.5, ARRAY[random()] FROM generate_series(1, 9)', '{a}')$$), '[^|]*') AS fault;
-- a query cannot write, whatever its text
SELECT public.fault($$SELECT btwin.logit_fit('SELECT true, ARRAY[1.0]::float8[]) AS q (y, x); DROP TABLE public.saturated; SELECT btwin.logit_step_agg($1, q.y, q.x) FROM (SELECT true, ARRAY[1.0]::float8[]', '{a}')$$);
SELECT public.fault($$SELECT btwin.logit_fit('DELETE FROM public.saturated RETURNING y, x', '{a}')$$);
SELECT count(*) AS still_there FROM public.saturated;

\echo == malformed text
SELECT public.fault(format('SELECT %L::btwin.logit_step', s)) FROM (VALUES
    (''), ('{}'),
    ('{"family": "logit_model", "version": 1, "features": 0}'),
    ('{"family": "logit_step", "version": 2, "features": 0}'),
    ('{"family": "logit_step", "version": 1, "features": 65}'),
    ('{"family": "logit_step", "version": 1, "features": 0} x')) v (s);
-- one field of a good step made wrong in turn
SELECT field, value, public.fault(format('SELECT %L::btwin.logit_step', regexp_replace(s, '"' || field || '": [^][{}"]*(\[[^]]*\])?(, |})', '"' || field || '": ' || value || '\2'))) FROM
(SELECT btwin.logit_step_agg(y, x, '{0,0}')::text AS s FROM public.example) q, (VALUES
    ('rows', '0'), ('rows', '-1'), ('weight', '-1'), ('weight', '1e999'), ('positives', '5'), ('positives', '4.00001'), ('positives', '-1'), ('log_likelihood', '1'),
    ('means', '[0, 0]'), ('means', '[]'), ('beta', '[0]'), ('gradient', '[9, 0]'), ('hessian', '[2, 0, 1]'), ('hessian', '[1.01, 0, 1]'), ('hessian', '[1, 0, -1]'), ('hessian', '[1, 2, 1]'),
    ('unknown', '[-1]'), ('unknown', '[5]'), ('sum', '[100]'), ('sum_of_squares', '[-1]'), ('sum_of_squares', '["a"]')) v (field, value);
SELECT public.fault(format('SELECT %L::btwin.logit_model', s)) FROM (VALUES
    (''), ('{"family": "logit_step", "version": 1}'),
    (replace(btwin.logit_prior('{a}', '{0}', '{1}')::text, '"version": 1', '"version": 3')),
    (replace(btwin.logit_prior('{a}', '{0}', '{1}')::text, '"examples": 0', '"examples": -1')),
    (replace(btwin.logit_prior('{a}', '{0}', '{1}')::text, '"feature": "a"', '"feature": ""')),
    (replace(btwin.logit_prior('{a}', '{0}', '{1}')::text, '"deviation": 1', '"deviation": -1')),
    (replace(btwin.logit_prior('{a,b}', '{0,0}', '{1,1}')::text, '"feature": "b"', '"feature": "a"')),
    (replace(btwin.logit_prior('{a}', '{0}', '{1}')::text, '"precision": [', '"precision": [1, ')),
    (replace(btwin.logit_prior('{a}', '{0}', '{1}')::text, '"precision": [0.01', '"precision": [-0.01')),
    (regexp_replace(btwin.logit_prior('{a}', '{0}', '{1}')::text, '"features": .*$', '"features": [], "precision": [1]}'))) v (s);

\echo == malformed bytes: each header field, counts, every cut, random flips
-- in binary COPY the bytes of a bytea are those of the type
CREATE FUNCTION public.recv_fault(type text, bytes bytea) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    state text; detail text; path text := pg_catalog.current_setting('data_directory') || '/btwin_struggle_recv.bin';
BEGIN
    EXECUTE pg_catalog.format('COPY (SELECT %L::bytea) TO %L (FORMAT binary)', bytes, path);
    EXECUTE pg_catalog.format('COPY public.received_%s FROM %L (FORMAT binary)', type, path);
    RETURN 'accepted';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, detail = PG_EXCEPTION_DETAIL;
    RETURN pg_catalog.format('%s: %s', state, detail);
END $$;
CREATE TABLE public.received_logit_step (v btwin.logit_step);
CREATE TABLE public.received_logit_model (v btwin.logit_model);
CREATE TABLE public.good AS
SELECT 'logit_step' AS type, btwin.logit_step_send(btwin.logit_step_agg(y, x, '{0,0}')) AS bytes FROM public.example
UNION ALL SELECT 'logit_model', btwin.logit_model_send(btwin.logit_prior('{ab}', '{0}', '{1}'));
-- byte 0 family, 1 version, 2 and 3 reserved, 4 to 7 the number of features, 8 to 15 rows or examples, 25 of a model the length of its first name
SELECT type, place, value, public.recv_fault(type, pg_catalog.set_byte(bytes, place, value))
FROM public.good, (VALUES (0, 6), (1, 0), (1, 2), (2, 1), (3, 1), (4, 127), (7, 0), (7, 2), (7, 65), (8, 255), (25, 0), (25, 200)) v (place, value)
WHERE type = 'logit_model' OR place < 25 ORDER BY type, place, value;
SELECT type, f.fault ~ '^22P03: ' AS refused, count(*) > 50 AS many
FROM public.good, LATERAL (SELECT public.recv_fault(type, pg_catalog.substr(bytes, 1, n)) AS fault FROM pg_catalog.generate_series(0, pg_catalog.length(bytes) - 1) n) f GROUP BY 1, 2 ORDER BY 1, 2;
SELECT type, public.recv_fault(type, bytes || '\x00'::bytea) AS one_more, public.recv_fault(type, bytes) AS good FROM public.good ORDER BY type;
-- NaN and infinity in every number of the step
SELECT DISTINCT public.recv_fault(type, pg_catalog."overlay"(bytes, n.bits, 17 + 8 * p)) AS not_finite
FROM public.good, pg_catalog.generate_series(0, (pg_catalog.length(bytes) - 16) / 8 - 1) p, (VALUES ('\x7ff8000000000000'::bytea), ('\xfff0000000000000')) n (bits) WHERE type = 'logit_step';
TRUNCATE public.received_logit_step, public.received_logit_model;
-- flips: refused as 22P03, or a state that is good in every other form
SELECT setseed(0.12) IS NULL AS seed;
SELECT type, count(*) FILTER (WHERE fault !~ '^(22P03: |accepted)') AS other, count(*) FILTER (WHERE fault ~ '^22P03') > 20 AS refused
FROM (SELECT type, public.recv_fault(type, pg_catalog.set_byte(bytes, (random() * (pg_catalog.length(bytes) - 1))::int, (random() * 255)::int)) AS fault FROM public.good, pg_catalog.generate_series(1, 500)) f GROUP BY type ORDER BY type;
SELECT (SELECT bool_and(v::text::btwin.logit_step::text = v::text) FROM public.received_logit_step) AS steps, (SELECT bool_and(v::text::btwin.logit_model::text = v::text) FROM public.received_logit_model) AS models;
DROP TABLE public.good, public.received_logit_step, public.received_logit_model;
DROP FUNCTION public.recv_fault;

-- a precision whose inverse is past double precision: no interval can be told
SELECT public.fault($$SELECT btwin.coefficients(btwin.logit_model('{a}', '{0,0}', '{1e-310,1}'))$$), public.fault($$SELECT btwin.coefficients(btwin.logit_model('{a}', '{0,0}', '{1,1e-310}'))$$);
-- a coefficient of 1e200 under a prior around 0: its square is past double precision
SELECT public.fault($$SELECT btwin.log_posterior(btwin.logit_step_agg(true, '{0}', '{0,1e200}'), btwin.logit_prior('{a}', '{0}', '{1}'))$$);

DROP TABLE public.example, public.saturated, public.state, public.copied, public.many, public.serial, public.form, public.toasted;
DROP FUNCTION public.close, public.plan_has, public.round(float8[], int), public.fault;
