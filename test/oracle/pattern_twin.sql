-- The pattern family's mathematics in plain SQL, set by set: an oracle for the
-- C code, and what a server without the library would run. Integrals are taken
-- by quadrature where the C code has closed forms.
CREATE SCHEMA IF NOT EXISTS btwin_oracle;

-- Gauss and Legendre's 16 nodes and weights on [-1, 1] (Abramowitz and Stegun, table 25.4)
CREATE TABLE btwin_oracle.legendre AS
SELECT sign * x AS x, w FROM (VALUES
    (0.0950125098376374402, 0.189450610455068496), (0.281603550779258913, 0.182603415044923589),
    (0.458016777657227386, 0.169156519395002538), (0.617876244402643748, 0.149595988816576732),
    (0.755404408355003034, 0.124628971255533872), (0.865631202387831744, 0.0951585116824927848),
    (0.944575023073232576, 0.0622535239386478929), (0.989400934991649933, 0.0271524594117540949)) v(x, w),
    (VALUES (1.0::float8), (-1.0)) s(sign);

-- rows of one group by bucket and day
CREATE FUNCTION btwin_oracle.pattern_cells(buckets text[], scores float8[], days date[], weights float8[])
RETURNS TABLE (bucket text, day date, rows bigint, weight float8, total float8, squares float8)
LANGUAGE sql IMMUTABLE AS $$
    WITH row AS (
        SELECT b, y, d, w FROM unnest(buckets, scores, days, weights) AS u(b, y, d, w)
        WHERE b IS NOT NULL AND y IS NOT NULL AND w IS NOT NULL
    ), mean AS (
        SELECT b, d, sum(w * y) / nullif(sum(w), 0) AS m FROM row GROUP BY b, d
    )
    SELECT row.b, row.d, count(*), sum(w), sum(w * y), coalesce(sum(w * (y - m) ^ 2), 0)
    FROM row JOIN mean ON mean.b = row.b AND mean.d IS NOT DISTINCT FROM row.d
    GROUP BY row.b, row.d
$$;

-- the fit, one number a row: gram (i, j) and score (i) of columns
-- segment * buckets + bucket, and the scalars
CREATE FUNCTION btwin_oracle.pattern_fit(names text[], buckets text[], scores float8[], days date[], weights float8[], changes boolean)
RETURNS TABLE (what text, i int, j int, v float8)
LANGUAGE sql IMMUTABLE AS $$
    WITH name AS MATERIALIZED (
        SELECT n, (place - 1)::int AS b FROM unnest(names) WITH ORDINALITY AS u(n, place)
    ), row AS MATERIALIZED (
        -- m rows of one bucket and day count as m / (1 + 0.05 (m - 1))
        SELECT name.b, y, d, w / CASE WHEN d IS NULL THEN 1 ELSE greatest(1, 1 + 0.05 * (sum(w) OVER (PARTITION BY name.b, d) - 1)) END AS w
        FROM unnest(buckets, scores, days, weights) AS u(b, y, d, w) JOIN name ON n = u.b
        WHERE y IS NOT NULL AND w IS NOT NULL
    ), size AS MATERIALIZED (
        SELECT sum(w) AS n, sum(w * y) / sum(w) AS mean, count(DISTINCT d) + count(*) FILTER (WHERE d IS NULL) AS clusters,
               min(d) AS first, max(d) - min(d) + 1 AS span,
               CASE WHEN changes AND bool_and(d IS NOT NULL) AND max(d) - min(d) + 1 >= 28 AND cardinality(names) <= 64 THEN 4 ELSE 1 END AS segments
        FROM row
    ), spread AS MATERIALIZED (
        SELECT sqrt(sum(w * (y - mean) ^ 2) / max(n)) AS scale FROM row, size
    ), cell AS MATERIALIZED (
        SELECT d, floor((d - date '2000-01-01') / 7.0) AS week, b,
               CASE WHEN segments = 1 THEN 0 ELSE (d - first) * segments / span END * cardinality(names) + b AS c,
               sum(w) AS n, sum(w * (y - mean)) / max(scale) AS s
        FROM row, size, spread GROUP BY 1, 2, 3, 4
    ), day AS MATERIALIZED (
        SELECT d, week, sum(n) AS n, sum(s) AS s FROM cell WHERE d IS NOT NULL GROUP BY d, week
    ), loose AS (
        SELECT coalesce(sum(n), 0) AS n, coalesce(sum(s), 0) AS s FROM cell WHERE d IS NULL
    ), grid AS MATERIALIZED (
        SELECT rd, rw FROM unnest('{0,0.05,0.1,0.2,0.4,0.8,1.6,3.2,10,30,100}'::float8[]) rd,
                           unnest('{0,0.03,0.08,0.2,0.5,1.2,3.2,10,30,100}'::float8[]) rw
    ), by_day AS (
        SELECT rd, week, sum(n / (1 + rd * n)) AS u, sum(s / (1 + rd * n)) AS us, sum(rd * s * s / (1 + rd * n)) AS q, sum(ln(1 + rd * n)) AS l
        FROM day, (SELECT DISTINCT rd FROM grid) r GROUP BY rd, week
    ), by_week AS (
        SELECT rd, rw, sum(u / (1 + rw * u)) AS ones, sum(us / (1 + rw * u)) AS s, sum(q + rw * us * us / (1 + rw * u)) AS q, sum(l + ln(1 + rw * u)) AS l
        FROM by_day JOIN grid USING (rd) GROUP BY rd, rw
    ), likelihood AS (
        SELECT rd, rw, -0.5 * (coalesce(l, 0) + ln(o) + (size.n - 1) * ln(greatest(size.n - coalesce(q, 0) - t * t / o, size.n * 2.220446049250313e-16)))
                       - ln((0.1 + rd) * (0.1 + rw)) AS value
        FROM grid LEFT JOIN by_week USING (rd, rw), size, loose,
             LATERAL (SELECT loose.n + coalesce(by_week.ones, 0) AS o, loose.s + coalesce(by_week.s, 0) AS t) x
    ), ratio AS MATERIALIZED (
        SELECT sum(rd * p) / sum(p) AS rd, sum(rw * p) / sum(p) AS rw
        FROM (SELECT rd, rw, exp(greatest(value - max(value) OVER (), -600)) AS p FROM likelihood) x
    ), within_day AS MATERIALIZED (
        SELECT day.d, day.week, ratio.rd / (1 + ratio.rd * day.n) AS g, 1 / (1 + ratio.rd * day.n) AS a, day.n, day.s FROM day, ratio
    ), within_week AS MATERIALIZED (
        SELECT week, ratio.rw / (1 + ratio.rw * sum(a * n)) AS g, sum(a * s) AS s FROM within_day, ratio GROUP BY week, ratio.rw
    ), week_column AS MATERIALIZED (
        SELECT cell.week, c, sum(a * cell.n) AS u FROM cell JOIN within_day USING (d) GROUP BY cell.week, c
    ), gram0 AS MATERIALIZED (
        SELECT i, j, sum(v) AS v FROM (
            SELECT c AS i, c AS j, n AS v FROM cell
            UNION ALL SELECT x.c, y.c, -g * x.n * y.n FROM cell x JOIN cell y USING (d) JOIN within_day USING (d)
            UNION ALL SELECT x.c, y.c, -g * x.u * y.u FROM week_column x JOIN week_column y USING (week) JOIN within_week USING (week)
            UNION ALL SELECT c, e, 0 FROM size, generate_series(0, segments * cardinality(names) - 1) c, generate_series(0, segments * cardinality(names) - 1) e) z
        GROUP BY i, j
    ), score0 AS MATERIALIZED (
        SELECT i, sum(v) AS v FROM (
            SELECT c AS i, s AS v FROM cell
            UNION ALL SELECT c, -g * cell.n * within_day.s FROM cell JOIN within_day USING (d)
            UNION ALL SELECT c, -g * u * s FROM week_column JOIN within_week USING (week)
            UNION ALL SELECT c, 0 FROM size, generate_series(0, segments * cardinality(names) - 1) c) z
        GROUP BY i
    ), level AS MATERIALIZED (
        SELECT i, sum(v) AS one FROM gram0 GROUP BY i
    ), free AS MATERIALIZED (
        SELECT (SELECT sum(one) FROM level) AS ones, (SELECT sum(v) FROM score0) AS total
    )
    SELECT 'gram', g.i, g.j, g.v - x.one * y.one / ones FROM gram0 g JOIN level x ON x.i = g.i JOIN level y ON y.i = g.j, free
    UNION ALL SELECT 'score', s.i, 0, s.v - one * total / ones FROM score0 s JOIN level USING (i), free
    UNION ALL SELECT 'squares', 0, 0, size.n - coalesce((SELECT sum(g * s * s) FROM within_day), 0) - coalesce((SELECT sum(g * s * s) FROM within_week), 0) - total ^ 2 / ones FROM size, free
    UNION ALL SELECT 'weight', 0, 0, n FROM size
    UNION ALL SELECT 'mean', 0, 0, mean FROM size
    UNION ALL SELECT 'scale', 0, 0, scale FROM spread
    UNION ALL SELECT 'clusters', 0, 0, clusters FROM size
    UNION ALL SELECT 'segments', 0, 0, segments FROM size
    UNION ALL SELECT 'bucket_weight', name.b, 0, coalesce(sum(cell.n), 0) FROM name LEFT JOIN cell USING (b) GROUP BY name.b
    UNION ALL SELECT 'bucket_sum', name.b, 0, coalesce(sum(cell.s), 0) FROM name LEFT JOIN cell USING (b) GROUP BY name.b
$$;

-- log of a contrast's Bayes factor, and the posterior mean of delta, by
-- quadrature of t^k exp(-(t - z)^2 / 2) over t > 0; the server calls underflow an
-- error, so exponents stop at -600
CREATE FUNCTION btwin_oracle.pattern_bayes_factor(information float8, score float8, squares float8, weight float8,
    OUT log_factor float8, OUT mean float8)
LANGUAGE sql IMMUTABLE AS $$
    WITH posterior AS MATERIALIZED (
        SELECT greatest(squares - score ^ 2 / (information + 4), squares * 2.220446049250313e-16) AS residual, 1 / (information + 4) AS spread
    ), z AS MATERIALIZED (
        SELECT residual, spread, sqrt(residual / (weight - 1) * spread) AS sd, score * spread / sqrt(residual / (weight - 1) * spread) AS z FROM posterior
    ), panel AS (
        -- for z < 0 the mass lies within a few 1/|z| of zero
        SELECT p, CASE WHEN z < -1 THEN 2.0 / -z ELSE 1.0 END AS width, CASE WHEN z > 12 THEN z - 12 ELSE 0 END AS start FROM z, generate_series(0, 24) p
    ), node AS (
        SELECT start + width * (p + (x + 1) / 2) AS t, w * width / 2 AS w FROM panel, btwin_oracle.legendre
    ), moment AS (
        -- relative to exp(-z^2 / 2) for z < 0
        SELECT sum(w * t ^ 2 * f) AS second, sum(w * t ^ 3 * f) AS third
        FROM node, z, LATERAL (SELECT exp(greatest(CASE WHEN z < 0 THEN z * t - t * t / 2 ELSE (t - z) ^ 2 / -2 END, -600)) AS f) g
    )
    SELECT -0.5 * ln(1 + information / 4) - 0.5 * (weight - 1) * ln(residual / squares)
           + ln(2 * 4 * spread * second / sqrt(2 * pi())) - CASE WHEN z < 0 THEN z * z / 2 ELSE 0 END,
           sd * third / second
    FROM z, moment
$$;

-- P(|T| >= |t|): integral of sin^(df - 1) up to asin(sqrt(df / (df + t^2)))
CREATE FUNCTION btwin_oracle.t_two_sided(t float8, df float8) RETURNS float8
LANGUAGE sql IMMUTABLE AS $$
    WITH node AS (
        SELECT (p + (x + 1) / 2) / 40 AS u, w FROM generate_series(0, 39) p, btwin_oracle.legendre
    ), bound AS (
        SELECT asin(sqrt(df / (df + t * t))) AS upper
    )
    SELECT sum(w * exp(greatest((df - 1) * ln(sin(upper * u)), -600))) * upper / (sum(w * exp(greatest((df - 1) * ln(sin(pi() / 2 * u)), -600))) * pi() / 2)
    FROM node, bound GROUP BY upper
$$;

-- sets of buckets: groups of one, of two, of all but one (width NULL), or windows
CREATE FUNCTION btwin_oracle.pattern_sets(count int, width int, bucket_weights float8[])
RETURNS TABLE (id bigint, members int[], sign float8, prior float8, claims boolean)
LANGUAGE sql IMMUTABLE AS $$
    SELECT row_number() OVER (), m, s, p, c FROM (
        SELECT ARRAY[a], 1.0::float8, 0.5 * 0.85 / (CASE WHEN count = 2 THEN 0.85 WHEN count > 64 THEN 0.9 ELSE 1 END) / count, true
        FROM generate_series(0, count - 1) a WHERE width IS NULL
        UNION ALL
        SELECT ARRAY[a], -1.0, 0.5 * 0.05 / (CASE WHEN count > 64 THEN 0.9 ELSE 1 END) / count, false
        FROM generate_series(0, count - 1) a WHERE width IS NULL AND count > 2
        UNION ALL
        SELECT ARRAY[a, b], 1.0, 0.5 * 0.10 / (count * (count - 1) / 2), count >= 4
        FROM generate_series(0, count - 1) a, generate_series(0, count - 1) b WHERE width IS NULL AND a < b AND count BETWEEN 3 AND 64
        UNION ALL
        SELECT m, 1.0, 0.5 * (0.5 / count + 0.5 * (SELECT sum(bucket_weights[b + 1]) FROM unnest(m) b) / (SELECT sum(w) FROM unnest(bucket_weights) w) / width), true
        FROM (SELECT (SELECT array_agg((a + k) % count) FROM generate_series(0, width - 1) k) AS m FROM generate_series(0, count - 1) a WHERE width IS NOT NULL) x
    ) v(m, s, p, c)
$$;

-- one row per bucket, as buckets(pattern) and buckets(pattern, width, modulus)
CREATE FUNCTION btwin_oracle.pattern_buckets(names text[], width int, buckets text[], scores float8[], days date[], weights float8[])
RETURNS TABLE (bucket text, effect float8, error float8, p_value float8, confidence float8, shrunk_effect float8)
LANGUAGE sql IMMUTABLE AS $$
    WITH fit AS MATERIALIZED (
        SELECT * FROM btwin_oracle.pattern_fit(names, buckets, scores, days, weights, true)
    ), scalar AS MATERIALIZED (
        SELECT cardinality(names) AS k, max(v) FILTER (WHERE what = 'segments') AS segments, max(v) FILTER (WHERE what = 'squares') AS squares,
               max(v) FILTER (WHERE what = 'weight') AS weight, max(v) FILTER (WHERE what = 'scale') AS scale, max(v) FILTER (WHERE what = 'clusters') AS clusters,
               array_agg(v ORDER BY i) FILTER (WHERE what = 'bucket_weight') AS bucket_weights
        FROM fit
    ), gram AS MATERIALIZED (
        SELECT i % k AS i, i / k AS s, j % k AS j, j / k AS t, v FROM fit, scalar WHERE what = 'gram'
    ), score AS MATERIALIZED (
        SELECT i % k AS i, i / k AS s, v FROM fit, scalar WHERE what = 'score'
    ), sets AS MATERIALIZED (
        SELECT x.* FROM scalar, btwin_oracle.pattern_sets(k, width, bucket_weights) x
    ), member AS MATERIALIZED (
        SELECT id, b, sign FROM sets, unnest(members) b
    ), block AS MATERIALIZED (
        SELECT x.id, s, t, sum(v) AS v FROM member x JOIN member y USING (id) JOIN gram ON gram.i = x.b AND gram.j = y.b GROUP BY x.id, s, t
    ), block_score AS MATERIALIZED (
        SELECT id, s, sum(sign * v) AS v FROM member JOIN score ON score.i = member.b GROUP BY id, s
    ), variant AS (
        SELECT id, 0 AS low, segments::int AS high, true AS holds, CASE WHEN segments > 1 AND (width IS NOT NULL OR (cardinality(members) = 1 AND sign > 0)) THEN 0.9 ELSE 1 END AS share FROM sets, scalar
        UNION ALL
        SELECT id, CASE WHEN since THEN cut ELSE 0 END, CASE WHEN since THEN 4 ELSE cut END, since, 0.1 / 6
        FROM sets, scalar, generate_series(1, 3) cut, (VALUES (true), (false)) v(since)
        WHERE segments > 1 AND (width IS NOT NULL OR (cardinality(members) = 1 AND sign > 0))
    ), weighed AS MATERIALIZED (
        SELECT v.id, holds, ln(prior * share) + f.log_factor AS l, f.mean
        FROM variant v JOIN sets USING (id), scalar,
             LATERAL (SELECT greatest(sum(b.v), 0) AS information FROM block b WHERE b.id = v.id AND b.s >= low AND b.s < high AND b.t >= low AND b.t < high) a,
             LATERAL (SELECT sum(b.v) AS score FROM block_score b WHERE b.id = v.id AND b.s >= low AND b.s < high) c,
             LATERAL btwin_oracle.pattern_bayes_factor(a.information, c.score, squares, weight) f
    ), total AS MATERIALIZED (
        SELECT top, sum(exp(greatest(l - top, -600))) + 0.5 * exp(greatest(-top, -600)) AS t FROM weighed, (SELECT greatest(max(l), ln(0.5)) AS top FROM weighed) x GROUP BY top
    ), probability AS MATERIALIZED (
        SELECT id, sum(exp(greatest(l - top, -600)) / t) AS p, sum(exp(greatest(l - top, -600)) / t * mean) AS pm FROM weighed, total WHERE holds GROUP BY id
    ), judged AS MATERIALIZED (
        SELECT b, sum(p) FILTER (WHERE claims) AS confidence, sum(member.sign * pm) AS level
        FROM member JOIN sets USING (id) JOIN probability USING (id) GROUP BY b
    ), single AS MATERIALIZED (
        SELECT i AS b, sum(gram.v) AS information, (SELECT sum(score.v) FROM score WHERE score.i = gram.i) AS score FROM gram WHERE i = j GROUP BY i
    ), estimate AS (
        SELECT b, score / information AS delta, sqrt(greatest(squares - score ^ 2 / information, 0) / (weight - 2) / information) AS error, greatest(clusters - 2, 1) AS df
        FROM single, scalar WHERE bucket_weights[b + 1] > 0 AND bucket_weights[b + 1] < weight
    )
    SELECT names[judged.b + 1], delta * scale, error * scale, btwin_oracle.t_two_sided(delta / error, df),
           least(coalesce(judged.confidence, 0), 1),
           CASE WHEN bucket_weights[judged.b + 1] > 0 AND bucket_weights[judged.b + 1] < weight
                THEN scale * (level - (SELECT sum(bucket_weights[o.b + 1] * o.level) FROM judged o WHERE o.b <> judged.b) / (weight - bucket_weights[judged.b + 1])) END
    FROM judged LEFT JOIN estimate USING (b), scalar
$$;

-- the limit, as best_limit(pattern): contrast by contrast
CREATE FUNCTION btwin_oracle.pattern_limit(names text[], buckets text[], scores float8[], days date[], weights float8[],
    OUT probability float8, OUT limit_at float8, OUT limit_low float8, OUT limit_high float8, OUT slope float8)
LANGUAGE sql IMMUTABLE AS $$
    WITH fit AS MATERIALIZED (
        SELECT * FROM btwin_oracle.pattern_fit(names, buckets, scores, days, weights, false)
    ), scalar AS MATERIALIZED (
        SELECT max(v) FILTER (WHERE what = 'squares') AS squares, max(v) FILTER (WHERE what = 'weight') AS weight, max(v) FILTER (WHERE what = 'scale') AS scale FROM fit
    ), bucket AS MATERIALIZED (
        SELECT i, names[i + 1]::float8 AS x, v AS n FROM fit WHERE what = 'bucket_weight'
    ), candidate AS MATERIALIZED (
        SELECT c.i AS c, c.x, c.n, sum(b.n * (b.x - c.x)) / sum(b.n) AS excess FROM bucket c JOIN bucket b ON b.x > c.x GROUP BY c.i, c.x, c.n HAVING sum(b.n) > 0 AND c.n > 0
    ), hinge AS MATERIALIZED (
        SELECT c, b.i, (b.x - candidate.x) / excess AS h FROM candidate JOIN bucket b ON b.x > candidate.x
    ), contrast AS MATERIALIZED (
        SELECT c, x, n / sum(n) OVER () AS share, excess,
               (SELECT sum(p.h * q.h * v) FROM hinge p JOIN hinge q USING (c) JOIN fit ON what = 'gram' AND fit.i = p.i AND fit.j = q.i WHERE c = candidate.c) AS information,
               (SELECT -sum(h * v) FROM hinge JOIN fit USING (i) WHERE what = 'score' AND c = candidate.c) AS score
        FROM candidate
    ), weighed AS MATERIALIZED (
        SELECT c, x, excess, falls, ln(share * CASE WHEN falls THEN 0.4 ELSE 0.1 END) + f.log_factor AS l, f.mean
        FROM contrast, scalar, (VALUES (true), (false)) v(falls),
             LATERAL btwin_oracle.pattern_bayes_factor(information, CASE WHEN falls THEN score ELSE -score END, squares, weight) f
    ), top AS (
        SELECT greatest(max(l), ln(0.5)) AS top FROM weighed
    )
    SELECT sum(e) FILTER (WHERE falls) / (sum(e) + max(none)), sum(x * e) FILTER (WHERE falls) / sum(e) FILTER (WHERE falls),
           min(x) FILTER (WHERE falls AND below >= 0.025), min(x) FILTER (WHERE falls AND below >= 0.975),
           -max(scale) * sum(mean / excess * e) FILTER (WHERE falls) / sum(e) FILTER (WHERE falls)
    FROM (SELECT falls, x, mean, excess, e, none, scale, sum(e) OVER (PARTITION BY falls ORDER BY x) / sum(e) OVER (PARTITION BY falls) AS below
          FROM weighed, scalar, top, LATERAL (SELECT exp(greatest(l - top, -600)) AS e, 0.5 * exp(greatest(-top, -600)) AS none) f) y
$$;
