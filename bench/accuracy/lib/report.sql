-- From claims and figures to results: one row per (family, product, data,
-- method, figure) with its bootstrap error, and a verdict per bar.
--   psql -v replicates=200 -v draws=1 -f report.sql
-- Clusters are learners of one seed; a figure without a learner has its seed as
-- cluster. Every replicate gives each cluster a Poisson(1) count, drawn from a
-- hash of "draws", replicate and cluster: methods meet the same draws, so that
-- their differences are paired. Replicate 0 is the sample itself.
\set ON_ERROR_STOP on
\set QUIET on
SET client_min_messages = warning;
SET work_mem = '256MB';
SET jit = off;

-- a constant that knows the base rate beforehand, where a family brings none
INSERT INTO accuracy.claim
SELECT family, product, 'constant', data, seed, learner, weight,
       coalesce(sum(weight) FILTER (WHERE y) OVER whole, 0) / sum(weight) OVER whole, y
FROM accuracy.claim AS c
WHERE method = 'default'
  AND NOT EXISTS (SELECT FROM accuracy.claim AS k WHERE (k.family, k.product, k.data, k.method) = (c.family, c.product, c.data, 'constant'))
WINDOW whole AS (PARTITION BY family, product, data);
ANALYZE accuracy.claim, accuracy.figure;

CREATE UNLOGGED TABLE accuracy.draw AS
SELECT seed, learner, replicate,
       CASE WHEN replicate = 0 THEN 1
            -- the distribution function of Poisson(1) at 0, 1, ... 8
            ELSE width_bucket((hashtextextended(format('%s %s %s', replicate, seed, learner), :draws) & 9007199254740991) / 9007199254740992.0::float8,
                              '{0.367879441171,0.735758882343,0.919698602929,0.981011843124,0.996340153173,0.999405815182,0.999916758851,0.999989750803,0.999998874797}'::float8[]) END AS k
FROM (SELECT DISTINCT seed, learner FROM accuracy.claim UNION SELECT DISTINCT seed, coalesce(learner, '') FROM accuracy.figure) AS cluster
CROSS JOIN generate_series(0, :replicates) AS replicate;
DELETE FROM accuracy.draw WHERE k = 0;
ANALYZE accuracy.draw;

-- Claims: per row how much of the other outcome it is ranked right against (its
-- mean over the positive rows is the AUC), then sums per cluster.
CREATE TABLE accuracy.subject AS
SELECT row_number() OVER (ORDER BY family, product, data, method)::int AS id, *
FROM (SELECT family, product, data, method, bool_and(weight = 1) AS plain, sum(weight) FILTER (WHERE y) AS positives, sum(weight) FILTER (WHERE NOT y) AS negatives
      FROM accuracy.claim GROUP BY 1, 2, 3, 4) AS s;
CREATE UNLOGGED TABLE accuracy.scored AS
SELECT s.id, c.seed, c.learner, c.weight AS w, c.p, c.y, least(9, width_bucket(c.p, '{0.1,0.2,0.3,0.4,0.5,0.6,0.7,0.8,0.9}'::float8[])) AS bin,
       -- p is cut where log_loss_agg() cuts it
       -ln(greatest(CASE WHEN c.y THEN c.p ELSE 1 - c.p END, 2.0::float8 ^ -52)) AS loss,
       CASE WHEN c.y THEN (sum(CASE WHEN c.y THEN 0 ELSE c.weight END) OVER upto - sum(CASE WHEN c.y THEN 0 ELSE c.weight END) OVER tied / 2) / s.negatives
            ELSE 1 - (sum(CASE WHEN c.y THEN c.weight ELSE 0 END) OVER upto - sum(CASE WHEN c.y THEN c.weight ELSE 0 END) OVER tied / 2) / s.positives END AS placed
FROM accuracy.claim AS c JOIN accuracy.subject AS s USING (family, product, data, method)
WINDOW upto AS (PARTITION BY s.id ORDER BY c.p), tied AS (PARTITION BY s.id, c.p);
CREATE UNLOGGED TABLE accuracy.cluster AS
SELECT r.id, r.seed, r.learner, sum(w) AS n, sum(w * y::int) AS y, sum(w * p) AS p, sum(w * (p - y::int) ^ 2) AS brier, sum(w * loss) AS loss,
       -- what the cluster adds to the AUC, linearised
       sum(w * (placed - auc) / CASE WHEN y THEN positives ELSE negatives END) AS auc,
       sum(CASE WHEN p >= 0.9 THEN w ELSE 0 END) AS claims9, sum(CASE WHEN p >= 0.9 THEN w * y::int ELSE 0 END) AS true9,
       sum(CASE WHEN p >= 0.8 THEN w ELSE 0 END) AS claims8, sum(CASE WHEN p >= 0.8 THEN w * y::int ELSE 0 END) AS true8,
       (NOT bool_or(y))::int AS without, (NOT bool_or(y) AND max(p) >= 0.8)::int AS told,
       sum(CASE WHEN bin = 0 THEN w * (p - y::int) ELSE 0 END) AS b0, sum(CASE WHEN bin = 1 THEN w * (p - y::int) ELSE 0 END) AS b1,
       sum(CASE WHEN bin = 2 THEN w * (p - y::int) ELSE 0 END) AS b2, sum(CASE WHEN bin = 3 THEN w * (p - y::int) ELSE 0 END) AS b3,
       sum(CASE WHEN bin = 4 THEN w * (p - y::int) ELSE 0 END) AS b4, sum(CASE WHEN bin = 5 THEN w * (p - y::int) ELSE 0 END) AS b5,
       sum(CASE WHEN bin = 6 THEN w * (p - y::int) ELSE 0 END) AS b6, sum(CASE WHEN bin = 7 THEN w * (p - y::int) ELSE 0 END) AS b7,
       sum(CASE WHEN bin = 8 THEN w * (p - y::int) ELSE 0 END) AS b8, sum(CASE WHEN bin = 9 THEN w * (p - y::int) ELSE 0 END) AS b9
FROM accuracy.scored AS r
JOIN (SELECT id, positives, negatives, sum(w * placed) FILTER (WHERE y) / positives AS auc FROM accuracy.scored JOIN accuracy.subject USING (id) GROUP BY 1, 2, 3) AS whole USING (id)
GROUP BY r.id, r.seed, r.learner;
ANALYZE accuracy.cluster;

CREATE UNLOGGED TABLE accuracy.replicate AS
SELECT id, replicate, sum(k * n) AS rows, sum(k * y) / sum(k * n) AS base_rate, sum(k * p) / sum(k * n) AS mean_p, sum(k * (p - y)) / sum(k * n) AS bias,
       sum(k * brier) / sum(k * n) AS brier, sum(k * loss) / sum(k * n) AS log_loss, sum((k - 1) * auc) AS auc,
       (abs(sum(k * b0)) + abs(sum(k * b1)) + abs(sum(k * b2)) + abs(sum(k * b3)) + abs(sum(k * b4)) + abs(sum(k * b5)) + abs(sum(k * b6))
        + abs(sum(k * b7)) + abs(sum(k * b8)) + abs(sum(k * b9))) / sum(k * n) AS ece,
       sum(k * claims9) AS claims_at_90, sum(k * true9) / nullif(sum(k * claims9), 0) AS true_at_90, sum(k * true9) / nullif(sum(k * y), 0) AS power_at_90,
       sum(k * claims8) AS claims_at_80, sum(k * true8) / nullif(sum(k * claims8), 0) AS true_at_80, sum(k * told) / nullif(sum(k * without), 0)::float8 AS told_at_80
FROM accuracy.cluster JOIN accuracy.draw USING (seed, learner) GROUP BY id, replicate;

-- Values by the extension's own aggregates where every row counts once; the
-- bootstrap's sums must then give the same, or this report is wrong.
CREATE TABLE accuracy.evaluated AS
SELECT id, plain, CASE WHEN plain THEN btwin.brier_agg(p, y) END AS brier, CASE WHEN plain THEN btwin.log_loss_agg(p, y) END AS log_loss,
       CASE WHEN plain THEN btwin.auc_agg(p, y) ELSE sum(w * placed) FILTER (WHERE y) / nullif(sum(w) FILTER (WHERE y), 0) END AS auc,
       sum(w * placed) FILTER (WHERE y) / nullif(sum(w) FILTER (WHERE y), 0) AS auc_by_ranks,
       CASE WHEN plain THEN btwin.ece(btwin.calibration_agg(p, y)) END AS ece,
       CASE WHEN plain THEN btwin.ece_noise(btwin.calibration_agg(p, y)) END AS ece_noise
FROM accuracy.scored JOIN accuracy.subject USING (id) GROUP BY id, plain;
UPDATE accuracy.evaluated AS e SET ece_noise = b.noise
FROM (SELECT id, sum(sqrt(2 / pi() * variance)) / sum(n) AS noise
      FROM (SELECT id, bin, sum(w * w * p * (1 - p)) AS variance, sum(w) AS n FROM accuracy.scored GROUP BY id, bin) AS bins GROUP BY id) AS b
WHERE b.id = e.id AND e.ece_noise IS NULL;
DO $$
DECLARE
    wrong record;
BEGIN
    SELECT s.*, e.brier AS brier_agg, r.brier, e.log_loss AS log_loss_agg, r.log_loss, e.auc AS auc_agg, e.auc_by_ranks, e.ece AS ece_agg, r.ece INTO wrong
    FROM accuracy.evaluated AS e JOIN accuracy.subject AS s USING (id) JOIN accuracy.replicate AS r ON r.id = e.id AND r.replicate = 0
    WHERE e.plain AND (abs(e.brier - r.brier) > 1e-9 OR abs(e.log_loss - r.log_loss) > 1e-9 OR abs(e.auc - e.auc_by_ranks) > 1e-9 OR abs(e.ece - r.ece) > 1e-9) LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'two ways to the same figures disagree: %', row_to_json(wrong);
    END IF;
END $$;

CREATE TABLE accuracy.result (family text, product text, data text, method text, figure text, value float8, error float8, PRIMARY KEY (family, product, data, method, figure));
WITH compared AS (
    SELECT s.family, s.product, s.data, s.method, r.*, r.brier - c.brier AS brier_difference, r.log_loss - c.log_loss AS log_loss_difference,
           r.power_at_90 / nullif(i.power_at_90, 0) AS power_of_ideal, (c.log_loss - r.log_loss) / nullif(c.log_loss - i.log_loss, 0) AS gain_of_ideal
    FROM accuracy.replicate AS r JOIN accuracy.subject AS s USING (id)
    LEFT JOIN (accuracy.subject AS cs JOIN accuracy.replicate AS c USING (id)) ON (cs.family, cs.product, cs.data, cs.method) = (s.family, s.product, s.data, 'constant') AND c.replicate = r.replicate
    LEFT JOIN (accuracy.subject AS i_s JOIN accuracy.replicate AS i USING (id)) ON (i_s.family, i_s.product, i_s.data, i_s.method) = (s.family, s.product, s.data, 'ideal') AND i.replicate = r.replicate
), long AS (
    SELECT c.family, c.product, c.data, c.method, c.replicate, v.figure, v.value
    FROM compared AS c CROSS JOIN LATERAL (VALUES ('rows', rows), ('base_rate', base_rate), ('mean_p', mean_p), ('bias', bias), ('brier', brier), ('log_loss', log_loss), ('auc', auc), ('ece', ece),
        ('claims_at_0.9', claims_at_90), ('true_at_0.9', true_at_90), ('power_at_0.9', power_at_90), ('claims_at_0.8', claims_at_80), ('true_at_0.8', true_at_80), ('told_at_0.8', told_at_80),
        ('brier_difference', brier_difference), ('log_loss_difference', log_loss_difference), ('power_of_ideal', power_of_ideal), ('gain_of_ideal', gain_of_ideal)) AS v(figure, value)
)
INSERT INTO accuracy.result
SELECT family, product, data, method, figure, max(value) FILTER (WHERE replicate = 0), stddev_samp(value) FILTER (WHERE replicate > 0) FROM long GROUP BY 1, 2, 3, 4, 5;
UPDATE accuracy.result AS r SET value = e.auc
FROM accuracy.evaluated AS e JOIN accuracy.subject AS s USING (id)
WHERE (r.family, r.product, r.data, r.method, r.figure) = (s.family, s.product, s.data, s.method, 'auc');
UPDATE accuracy.result SET error = NULL WHERE figure = 'rows' OR figure = 'auc' AND value IS NULL;
INSERT INTO accuracy.result SELECT family, product, data, method, 'ece_noise', ece_noise, NULL FROM accuracy.evaluated JOIN accuracy.subject USING (id);

-- Figures: the mean weighted by n, or the median, over the same draws
INSERT INTO accuracy.result
SELECT family, product, data, method, figure, max(value) FILTER (WHERE replicate = 0),
       CASE WHEN max(clusters) > 1 THEN stddev_samp(value) FILTER (WHERE replicate > 0) END
FROM (SELECT f.family, f.product, f.data, f.method, f.figure, d.replicate, count(DISTINCT (f.seed, f.learner)) FILTER (WHERE d.replicate = 0) AS clusters,
             CASE max(f.summary) WHEN 'mean' THEN sum(d.k * f.n * f.value) / sum(d.k * f.n)
                  ELSE percentile_cont(0.5) WITHIN GROUP (ORDER BY f.value) END AS value
      FROM accuracy.figure AS f JOIN accuracy.draw AS d ON d.seed = f.seed AND d.learner = coalesce(f.learner, '')
      -- a median counts a row drawn twice twice
      CROSS JOIN LATERAL generate_series(1, CASE f.summary WHEN 'median' THEN d.k ELSE 1 END) AS copy
      GROUP BY 1, 2, 3, 4, 5, 6) AS q
GROUP BY 1, 2, 3, 4, 5;

-- What the plots show: bins, with the error of rate less mean p over clusters
CREATE TABLE accuracy.bin AS
SELECT s.family, s.product, s.data, s.method, c.bin, sum(c.n) AS n, sum(c.p) / sum(c.n) AS mean_p, sum(c.y) / sum(c.n) AS rate,
       sqrt(sum((c.y - c.p - (g.y - g.p) / g.n * c.n) ^ 2)) / sum(c.n) AS error
FROM (SELECT id, bin, seed, learner, sum(w) AS n, sum(w * p) AS p, sum(w * y::int) AS y FROM accuracy.scored GROUP BY 1, 2, 3, 4) AS c
JOIN (SELECT id, bin, sum(w) AS n, sum(w * p) AS p, sum(w * y::int) AS y FROM accuracy.scored GROUP BY 1, 2) AS g USING (id, bin)
JOIN accuracy.subject AS s USING (id)
GROUP BY 1, 2, 3, 4, 5;

-- A figure that does not exist (nothing was claimed) misses its bar. An ECE may
-- exceed its bar by what a perfect forecaster would show with as many rows.
CREATE TABLE accuracy.verdict AS
SELECT b.*, r.value, r.error,
       coalesce((b.at_least IS NULL OR r.value + chance >= b.at_least) AND (b.at_most IS NULL OR r.value - chance <= b.at_most), false) AS holds
FROM accuracy.bar AS b LEFT JOIN accuracy.result AS r USING (family, product, method, data, figure)
LEFT JOIN accuracy.result AS noise ON (noise.family, noise.product, noise.method, noise.data, noise.figure) = (b.family, b.product, b.method, b.data, b.figure || '_noise')
CROSS JOIN LATERAL (SELECT b.errors * coalesce(r.error, 0) + coalesce(noise.value, 0) AS chance) AS c;
