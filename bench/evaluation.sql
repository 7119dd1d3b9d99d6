-- evaluation: aggregates over (p, y) against the best set-based SQL for the
-- same answers, and per row against regr_slope(). Run by bench/run.
\if :{?rows}
\else
\set rows 5000000
\endif
\pset footer off
SET jit = off;
SET max_parallel_workers_per_gather = 0;
SELECT setseed(0.16) \gset
CREATE UNLOGGED TABLE prediction AS SELECT p, random() < p AS y, round(p::numeric, 3)::float8 AS rounded FROM (SELECT random() AS p FROM generate_series(1, :rows)) q;
VACUUM ANALYZE prediction;

\echo
\echo sums: log loss, Brier score, calibration
SELECT * FROM bench.compare(ARRAY['brier_agg', 'avg((p - y)^2)', 'log_loss_agg', 'avg(-ln(...))', 'calibration_agg', 'GROUP BY floor(p * 10)', 'regr_slope'], ARRAY[
    'SELECT btwin.brier_agg(p, y) FROM prediction', 'SELECT avg((p - y::int) ^ 2) FROM prediction',
    'SELECT btwin.log_loss_agg(p, y) FROM prediction', 'SELECT avg(-ln(CASE WHEN y THEN p ELSE 1 - p END)) FROM prediction WHERE p BETWEEN 1e-15 AND 1 - 1e-15',
    'SELECT btwin.ece(btwin.calibration_agg(p, y)) FROM prediction',
    'SELECT sum(abs(e)) / sum(n) FROM (SELECT sum(p - y::int) AS e, count(*) AS n FROM prediction GROUP BY least(floor(p * 10), 9)) q',
    'SELECT regr_slope(p, rounded) FROM prediction'], 5);

\echo
\echo rankings: every p distinct, and 1001 distinct ones
SELECT * FROM bench.compare(ARRAY['auc_agg, distinct', 'rank(), distinct', 'auc_agg, ties', 'GROUP BY p, ties', 'auc, average precision, lift together'], ARRAY[
    'SELECT btwin.auc_agg(p, y) FROM prediction',
    'SELECT (sum(r) FILTER (WHERE y) - n1 * (n1 + 1) / 2) / (n1::float8 * (n - n1)) FROM (SELECT y, rank() OVER (ORDER BY p) AS r, count(*) OVER () AS n, count(*) FILTER (WHERE y) OVER () AS n1 FROM prediction) q GROUP BY n, n1',
    'SELECT btwin.auc_agg(rounded, y) FROM prediction',
    'SELECT sum(pos * (below + neg / 2)) / sum(pos) / sum(neg) FROM (SELECT pos, neg, sum(neg) OVER (ORDER BY rounded) - neg AS below FROM (SELECT rounded, count(*) FILTER (WHERE y)::float8 AS pos, count(*) FILTER (WHERE NOT y)::float8 AS neg FROM prediction GROUP BY rounded) g) q',
    'SELECT btwin.auc_agg(p, y), btwin.average_precision_agg(p, y), btwin.lift_agg(p, y) FROM prediction'], 3);

DROP TABLE prediction;
