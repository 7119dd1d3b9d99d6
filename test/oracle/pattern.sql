-- The pattern family against its twin in SQL, and the laws of merging.
\ir pattern_twin.sql
SELECT plan(15);
SELECT setseed(0.271828);
\echo # seed 0.271828

-- rows of many sizes: ties, duplicates, extremes, NULLs; variants: plain scores,
-- 0/1 scores, large scores of both signs, small noise on a large level
CREATE TEMP TABLE sample AS
SELECT size, variant, g AS place,
       CASE WHEN random() < 0.02 THEN NULL ELSE (6 + floor(random() * random() * 8))::int END AS bucket,
       CASE WHEN random() < 0.02 THEN NULL
            WHEN variant = 0 THEN random()
            WHEN variant = 1 THEN (random() < 0.3)::int
            WHEN variant = 2 THEN (random() - 0.5) * 1e120
            ELSE 1e6 + random() END AS score,
       date '2023-12-20' + floor(random() * least(size, 200))::int AS day,
       CASE WHEN variant = 0 THEN random() * 2 ELSE 1 END AS weight
FROM unnest('{0,1,2,10,100,1000,10000}'::int[]) size, generate_series(0, 3) variant, generate_series(1, size) g;
ANALYZE sample;

CREATE TEMP TABLE state AS
SELECT size, variant, true AS dated, btwin.pattern_agg(bucket, score, day, weight) AS s, btwin.pattern_agg(bucket::text, score, day, weight ORDER BY place DESC) AS reversed
FROM sample GROUP BY size, variant
UNION ALL
SELECT size, variant, false, btwin.pattern_agg(bucket, score, weight), btwin.pattern_agg(bucket::text, score, weight ORDER BY place DESC)
FROM sample GROUP BY size, variant;

CREATE FUNCTION pg_temp.near(a float8, b float8, tolerance float8 DEFAULT 1e-9, small float8 DEFAULT 1e-300) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT a IS NOT DISTINCT FROM b OR coalesce(abs(a - b) <= tolerance * greatest(abs(a), abs(b)) + small, false)
$$;
CREATE FUNCTION pg_temp.cells(s btwin.pattern) RETURNS TABLE (bucket text, day date, rows bigint, weight float8, total float8, squares float8) LANGUAGE sql IMMUTABLE AS $$
    SELECT b ->> 'bucket', (d ->> 'day')::date, (d ->> 'rows')::bigint, (d ->> 'weight')::float8, (d ->> 'sum')::float8, (d ->> 'squared_deviations')::float8
    FROM jsonb_array_elements(s::jsonb -> 'buckets') b, jsonb_array_elements((b -> 'undated') || (b -> 'days')) d
$$;
CREATE TEMP TABLE input AS
SELECT size, variant, dated, array_agg(bucket::text ORDER BY place) AS buckets, array_agg(score ORDER BY place) AS scores,
       array_agg(CASE WHEN dated THEN day END ORDER BY place) AS days, array_agg(weight ORDER BY place) AS weights,
       array_agg(DISTINCT bucket::text) FILTER (WHERE bucket IS NOT NULL AND score IS NOT NULL) AS names
FROM sample, (VALUES (true), (false)) v(dated) GROUP BY size, variant, dated;

CREATE TEMP TABLE cell AS SELECT size, variant, dated, c.* FROM state, LATERAL pg_temp.cells(s) c;
CREATE TEMP TABLE twin_cell AS SELECT size, variant, dated, c.* FROM input, LATERAL btwin_oracle.pattern_cells(buckets, scores, days, weights) c;
-- squared deviations lose digits where the level is large, and the tolerance says so
SELECT is_empty($$
    SELECT * FROM (SELECT size, variant, dated, bucket, coalesce(day, '0001-01-01') AS day, rows, weight, total, squares FROM cell) c
    FULL JOIN (SELECT size, variant, dated, bucket, coalesce(day, '0001-01-01') AS day, rows AS r, weight AS w, total AS t, squares AS q FROM twin_cell) t USING (size, variant, dated, bucket, day)
    WHERE rows IS DISTINCT FROM r OR NOT pg_temp.near(weight, w) OR NOT pg_temp.near(total, t, 1e-9, 1e-12 * CASE WHEN variant = 2 THEN 1e120 ELSE 1 END)
       OR NOT pg_temp.near(squares, q, 1e-9, CASE variant WHEN 3 THEN 1e-5 WHEN 2 THEN 1e228 ELSE 1e-13 END)
$$, 'rows, weights, sums and squared deviations equal the twin');
SELECT isnt_empty('SELECT FROM twin_cell WHERE rows > 100', 'the comparison saw large cells');

CREATE FUNCTION pg_temp.same_cells(a btwin.pattern, b btwin.pattern, variant int) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT (SELECT count(*) FROM pg_temp.cells(a)) = (SELECT count(*) FROM pg_temp.cells(b))
       AND coalesce(bool_and(x.rows = y.rows AND pg_temp.near(x.weight, y.weight) AND pg_temp.near(x.total, y.total, 1e-9, 1e-12 * CASE WHEN variant = 2 THEN 1e120 ELSE 1 END)
                AND pg_temp.near(x.squares, y.squares, 1e-9, CASE variant WHEN 3 THEN 1e-5 WHEN 2 THEN 1e228 ELSE 1e-13 END)), true)
    FROM pg_temp.cells(a) x JOIN pg_temp.cells(b) y ON x.bucket = y.bucket AND x.day IS NOT DISTINCT FROM y.day
$$;
SELECT ok(bool_and(pg_temp.same_cells(s, reversed, variant)), 'order of rows and kind of bucket change nothing beyond rounding') FROM state;

-- any split into parts, merged in any order and in any tree
CREATE TEMP TABLE part AS
SELECT size, variant, parts, part, btwin.pattern_agg(bucket, score, day, weight) AS s
FROM (SELECT *, floor(random() * parts)::int AS part FROM sample, unnest('{1,2,3,17}'::int[]) parts) x
GROUP BY size, variant, parts, part;
CREATE TEMP TABLE merged AS
SELECT size, variant, parts, btwin.rollup(s ORDER BY random()) AS flat FROM part GROUP BY size, variant, parts;
CREATE TEMP TABLE tree AS
SELECT size, variant, parts, btwin.rollup(s) AS nested
FROM (SELECT size, variant, parts, btwin.rollup(s ORDER BY random()) AS s FROM part GROUP BY size, variant, parts, part % 3) x
GROUP BY size, variant, parts;
SELECT ok(bool_and(pg_temp.same_cells(m.flat, s.s, m.variant) AND pg_temp.same_cells(t.nested, s.s, m.variant)), 'any split and any order of merging give the state of all rows')
FROM merged m JOIN tree t USING (size, variant, parts) JOIN state s ON s.size = m.size AND s.variant = m.variant AND s.dated;
SELECT ok(bool_and(btwin.pattern_send((SELECT btwin.rollup(x) FROM (VALUES (s), (e)) v(x))) = btwin.pattern_send(s)), 'the empty state is the identity, to the byte')
FROM state, (SELECT btwin.pattern_agg(NULL::int, 1.0) AS e) e;
SELECT ok(bool_and(pg_temp.same_cells((SELECT btwin.rollup(v) FROM (VALUES (a.s), (b.s)) v(v)), (SELECT btwin.rollup(v) FROM (VALUES (b.s), (a.s)) v(v)), variant)), 'merging two states commutes')
FROM state a JOIN state b USING (variant) WHERE a.size <= 1000 AND b.size <= 1000;
SELECT ok(bool_and(s::text::btwin.pattern::text = s::text AND btwin.pattern_send(s::text::btwin.pattern) = btwin.pattern_send(s)), 'text forms of random states read back to the same bytes') FROM state;
SELECT ok(bool_and(pg_temp.same_cells(btwin.merge_buckets(s, '{6,7,8}', '{x,x,6}'), t, variant)), 'merging buckets is grouping by the new names')
FROM state JOIN (SELECT size, variant, btwin.pattern_agg(CASE bucket WHEN 6 THEN 'x' WHEN 7 THEN 'x' WHEN 8 THEN '6' ELSE bucket::text END, score, day, weight) AS t FROM sample GROUP BY size, variant) x USING (size, variant) WHERE dated;

-- the analysis: learners with and without habits, from few rows to many, days that
-- share deviations, days with many rows, rows without a day, weights
CREATE TEMP TABLE learner AS
SELECT c, array_agg(b::text) AS buckets, array_agg(y) AS scores, array_agg(d) AS days, array_agg(w) AS weights
FROM (SELECT c, b, d, CASE WHEN c % 5 = 4 THEN 0.5 + random() ELSE 1 END AS w,
             0.7 + effect * (b = 2)::int + 0.3 * (random() - 0.5) + CASE WHEN c % 3 > 0 THEN 0.2 * sin(c + 12.9898 * (d - date '2024-01-01')) ELSE 0 END
             + CASE WHEN c % 4 = 1 THEN 0.1 * (d > date '2024-02-15' AND b = 3)::int ELSE 0 END AS y
      FROM (SELECT c, (c % 7) * 0.06 AS effect, floor(random() * (2 + c % 7))::int AS b,
                   CASE WHEN c % 6 = 5 AND random() < 0.5 THEN NULL ELSE date '2023-12-28' + floor(random() * (CASE WHEN c % 4 = 3 THEN 12 ELSE 120 END))::int END AS d
            FROM generate_series(1, 30) c, LATERAL generate_series(1, (ARRAY[12, 60, 200])[1 + c % 3]) g) x) y
GROUP BY c;
CREATE TEMP TABLE learner_state AS
SELECT c, btwin.rollup(s) AS s FROM (
    SELECT c, btwin.pattern_agg(b, y, d, w) AS s FROM learner, unnest(buckets, scores, days, weights) AS u(b, y, d, w) GROUP BY c
    UNION ALL SELECT c, btwin.pattern_agg(b, y, w) FROM learner, unnest(buckets, scores, days, weights) AS u(b, y, d, w) WHERE d IS NULL GROUP BY c) x GROUP BY c;

CREATE TEMP TABLE judged AS
SELECT c, b.* FROM learner_state, LATERAL btwin.buckets(s) b;
CREATE TEMP TABLE twin_judged AS
SELECT c, t.* FROM learner, LATERAL (SELECT array_agg(DISTINCT b) AS names FROM unnest(buckets) b) n, LATERAL btwin_oracle.pattern_buckets(names, NULL, buckets, scores, days, weights) t;
SELECT is_empty($$
    SELECT c, bucket, j.confidence, t.confidence, j.effect, t.effect, j.shrunk_effect, t.shrunk_effect, j.p_value, t.p_value
    FROM judged j FULL JOIN twin_judged t USING (c, bucket)
    WHERE NOT pg_temp.near(j.confidence, t.confidence, 1e-9, 1e-12) OR NOT pg_temp.near(j.effect, t.effect, 1e-9, 1e-12)
       OR NOT pg_temp.near(j.shrunk_effect, t.shrunk_effect, 1e-9, 1e-12) OR NOT pg_temp.near(j.p_value, t.p_value, 1e-9, 1e-14)
$$, 'groups: confidence, effect, shrunk effect and p-value equal the twin');
SELECT ok(count(*) > 100 AND max(confidence) > 0.95 AND min(confidence) < 0.001 AND bool_or(confidence BETWEEN 0.4 AND 0.6), 'the comparison saw certainty, doubt and denial') FROM judged;
SELECT is_empty($$
    SELECT * FROM (SELECT c, bucket, p_value, q_value, min(p_value * n / rank) OVER (PARTITION BY c ORDER BY p_value DESC, bucket) AS q
                   FROM (SELECT *, count(*) OVER (PARTITION BY c) AS n, count(*) OVER (PARTITION BY c ORDER BY p_value) AS rank FROM judged) x) y
    WHERE NOT pg_temp.near(q_value, least(q, 1))
$$, 'q-values are those of Benjamini and Hochberg');
SELECT ok(bool_and(pg_temp.near((SELECT sum(contribution) FROM btwin.contributions(s, bucket)), confidence, 1e-12, 1e-15)), 'contributions sum to the confidence') FROM judged JOIN learner_state USING (c);

CREATE TEMP TABLE twin_window AS
SELECT c, t.* FROM learner, LATERAL btwin_oracle.pattern_buckets('{0,1,2,3,4,5,6,7,8}', 1 + c % 4, buckets, scores, days, weights) t;
SELECT is_empty($$
    SELECT c, bucket, j.confidence, t.confidence, j.effect, t.effect, j.shrunk_effect, t.shrunk_effect
    FROM (SELECT c, b.* FROM learner_state, LATERAL btwin.buckets(s, 1 + c % 4, 9) b) j FULL JOIN twin_window t USING (c, bucket)
    WHERE NOT pg_temp.near(j.confidence, t.confidence, 1e-9, 1e-12) OR NOT pg_temp.near(j.effect, t.effect, 1e-9, 1e-12)
       OR NOT pg_temp.near(j.shrunk_effect, t.shrunk_effect, 1e-9, 1e-12)
$$, 'windows: confidence, effect and shrunk effect equal the twin');
SELECT ok(bool_and(pg_temp.near((SELECT max(x.m) FROM (SELECT (SELECT avg(confidence) FROM twin_window t WHERE t.c = l.c AND t.bucket::int IN (SELECT (a + k) % 9 FROM generate_series(0, c % 4) k)) AS m,
                                        a FROM generate_series(0, 8) a
                                 -- a window without rows, or with all of them, is not claimed
                                 WHERE EXISTS (SELECT FROM judged j WHERE j.c = l.c AND j.bucket::int IN (SELECT (a + k) % 9 FROM generate_series(0, c % 4) k))
                                   AND EXISTS (SELECT FROM judged j WHERE j.c = l.c AND j.bucket::int NOT IN (SELECT (a + k) % 9 FROM generate_series(0, c % 4) k))) x), w.confidence, 1e-9, 1e-12)),
          'the best window is the one with the largest mean confidence')
FROM learner_state l, LATERAL btwin.best_window(s, 1 + c % 4, 9, 0) w WHERE w.window_start IS NOT NULL;
SELECT is_empty($$
    SELECT c, m.confidence, t.probability, m.limit_at, t.limit_at, m.slope, t.slope
    FROM learner_state JOIN learner USING (c), LATERAL btwin.best_limit(s, 0) m,
         LATERAL (SELECT array_agg(b ORDER BY b::float8) AS names FROM (SELECT DISTINCT b FROM unnest(buckets) b) u) n, LATERAL btwin_oracle.pattern_limit(names, learner.buckets, learner.scores, learner.days, learner.weights) t
    WHERE NOT pg_temp.near(m.confidence, t.probability, 1e-9, 1e-12) OR NOT pg_temp.near(m.limit_at, t.limit_at, 1e-9, 1e-9) OR NOT pg_temp.near(m.slope, t.slope, 1e-9, 1e-12)
       OR m.limit_low IS DISTINCT FROM t.limit_low OR m.limit_high IS DISTINCT FROM t.limit_high
$$, 'limits: confidence, place, interval and slope equal the twin');
SELECT * FROM finish();
