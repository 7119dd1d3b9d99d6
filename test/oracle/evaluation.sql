-- evaluation against its twin in plain SQL, and the laws of merging
\set ECHO none
CREATE EXTENSION pgtap;
CREATE EXTENSION btwin;
-- compiling would cost more than these small statements
SET jit = off;
\ir evaluation_twin.sql
SELECT plan(10);

\set seed 0.43
SELECT diag('seed ' || :seed) FROM (SELECT setseed(:seed)) s;

CREATE FUNCTION pg_temp.fill(n int, kind text) RETURNS void LANGUAGE sql AS $$
TRUNCATE btwin_oracle.prediction;
INSERT INTO btwin_oracle.prediction
SELECT p, random() < p FROM (SELECT CASE kind WHEN 'ties' THEN round((random() * 8)::numeric)::float8 / 8 WHEN 'extremes' THEN (ARRAY[0, 1, 1e-100, 1 - 1e-16, 0.1, 0.3])[1 + (random() * 5)::int]
                             ELSE random() END AS p FROM generate_series(1, n)) q;
UPDATE btwin_oracle.prediction SET y = NOT y WHERE random() < 0.2;
INSERT INTO btwin_oracle.prediction SELECT NULL, true FROM generate_series(1, n % 3) UNION ALL SELECT 0.5, NULL FROM generate_series(1, n % 4);
$$;
CREATE FUNCTION pg_temp.answers() RETURNS float8[] LANGUAGE sql AS $$
SELECT ARRAY[btwin.log_loss_agg(p, y), btwin.brier_agg(p, y), btwin.auc_agg(p, y), btwin.average_precision_agg(p, y), btwin.lift_agg(p, y), btwin.lift_agg(p, y, 0.37),
             btwin.ece(btwin.calibration_agg(p, y)), btwin.ece_noise(btwin.calibration_agg(p, y)), btwin.ece(btwin.calibration_agg(p, y, 7))] FROM btwin_oracle.prediction $$;
CREATE FUNCTION pg_temp.twin() RETURNS float8[] LANGUAGE sql AS $$
SELECT ARRAY[btwin_oracle.log_loss(), btwin_oracle.brier(), btwin_oracle.auc(), btwin_oracle.average_precision(), btwin_oracle.lift(0.1), btwin_oracle.lift(0.37), e.ece, e.noise, (btwin_oracle.ece(7)).ece]
FROM btwin_oracle.ece(10) e $$;
CREATE FUNCTION pg_temp.check(n int, kind text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    ours float8[];
    twin float8[];
BEGIN
    PERFORM pg_temp.fill(n, kind);
    ours := pg_temp.answers();
    twin := pg_temp.twin();
    RETURN ok((SELECT bool_and((o IS NULL) = (t IS NULL) AND coalesce(abs(o - t) <= 1e-9 * greatest(abs(t), 1e-3), true)) FROM unnest(ours, twin) u (o, t)), format('%s rows, %s', n, kind))
        || CASE WHEN ours = twin THEN '' ELSE E'\n' || diag(format('largest relative difference %s', (SELECT max(abs(o - t) / nullif(abs(t), 0)) FROM unnest(ours, twin) u (o, t)))) END;
END $$;
SELECT pg_temp.check(n, kind) FROM (VALUES (0, 'plain'), (1, 'plain'), (2, 'plain'), (10, 'plain'), (1000, 'plain'), (10000, 'plain'), (5000, 'ties'), (1000, 'extremes')) v (n, kind);

-- any split and order of calibrations
SELECT pg_temp.fill(3000, 'plain');
SELECT ok(bool_and(abs(btwin.ece(merged) - btwin.ece(whole)) < 1e-12 AND abs(btwin.ece_noise(merged) - btwin.ece_noise(whole)) < 1e-12 AND btwin.evidence_count(merged) = btwin.evidence_count(whole)), '20 random splits and orders of calibrations')
FROM (SELECT round, btwin.rollup(c ORDER BY random()) AS merged FROM (SELECT round, part, btwin.calibration_agg(p, y ORDER BY random()) AS c
          FROM (SELECT round, (random() * (round % 7))::int AS part, e.* FROM generate_series(1, 20) round, btwin_oracle.prediction e) q GROUP BY round, part
          UNION ALL SELECT round, 99, btwin.calibration_agg(NULL, true) FROM generate_series(1, 20) round GROUP BY round) q GROUP BY round) m,
     (SELECT btwin.calibration_agg(p, y) AS whole FROM btwin_oracle.prediction) w;
-- the bound of 10,000,000 distinct probabilities, by one more
SELECT throws_ok('SELECT btwin.auc_agg(g / 1e7::float8, g % 2 = 0) FROM generate_series(0, 10000000) g', '54000', NULL, 'one distinct probability too many');
SELECT * FROM finish();
