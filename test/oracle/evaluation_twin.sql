-- evaluation in plain SQL, over btwin_oracle.prediction
CREATE SCHEMA IF NOT EXISTS btwin_oracle;

CREATE TABLE btwin_oracle.prediction (p float8, y boolean);

CREATE FUNCTION btwin_oracle.log_loss() RETURNS float8 LANGUAGE sql STABLE AS $$
SELECT avg(-ln(CASE WHEN y THEN greatest(p, 2.0::float8 ^ -52) ELSE 1 - least(p, 1 - 2.0::float8 ^ -52) END)) FROM btwin_oracle.prediction WHERE p IS NOT NULL AND y IS NOT NULL $$;

CREATE FUNCTION btwin_oracle.brier() RETURNS float8 LANGUAGE sql STABLE AS $$
SELECT avg((p - y::int) ^ 2) FROM btwin_oracle.prediction $$;

-- mean rank of the positives, ties at their middle
CREATE FUNCTION btwin_oracle.auc() RETURNS float8 LANGUAGE sql STABLE AS $$
SELECT (sum(r) FILTER (WHERE y) - n1 * (n1 + 1) / 2) / nullif(n1 * (n - n1), 0)
FROM (SELECT y, rank() OVER (ORDER BY p) + (count(*) OVER (PARTITION BY p) - 1) / 2.0::float8 AS r, count(*) OVER () AS n, count(*) FILTER (WHERE y) OVER () AS n1
      FROM btwin_oracle.prediction WHERE p IS NOT NULL AND y IS NOT NULL) q GROUP BY n, n1 $$;

CREATE FUNCTION btwin_oracle.average_precision() RETURNS float8 LANGUAGE sql STABLE AS $$
SELECT sum(hits * sum_hits / sum_rows) / nullif(sum(hits), 0)
FROM (SELECT hits, sum(hits) OVER w AS sum_hits, (sum(n) OVER w)::float8 AS sum_rows
      FROM (SELECT p, count(*) FILTER (WHERE y)::float8 AS hits, count(*) AS n FROM btwin_oracle.prediction WHERE p IS NOT NULL AND y IS NOT NULL GROUP BY p) g WINDOW w AS (ORDER BY p DESC)) q $$;

CREATE FUNCTION btwin_oracle.lift(top float8) RETURNS float8 LANGUAGE sql STABLE AS $$
SELECT sum(hits * greatest(0, least(1, (top * total - before) / n))) / (top * total) / nullif(max(positives) / total, 0)
FROM (SELECT hits, n, sum(n) OVER () AS total, sum(hits) OVER () AS positives, coalesce(sum(n) OVER (ORDER BY p DESC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS before
      FROM (SELECT p, count(*) FILTER (WHERE y)::float8 AS hits, count(*)::float8 AS n FROM btwin_oracle.prediction WHERE p IS NOT NULL AND y IS NOT NULL GROUP BY p) g) q GROUP BY total $$;

CREATE FUNCTION btwin_oracle.ece(bins int, OUT ece float8, OUT noise float8) LANGUAGE sql STABLE AS $$
SELECT sum(abs(error)) / sum(n), sum(sqrt(2 / pi() * variance)) / sum(n)
FROM (SELECT sum(p - y::int) AS error, sum(p * (1 - p)) AS variance, count(*) AS n FROM btwin_oracle.prediction, generate_series(0, bins - 1) b
      WHERE y IS NOT NULL AND p >= b::float8 / bins AND (p < (b + 1)::float8 / bins OR b = bins - 1) GROUP BY b) q $$;
