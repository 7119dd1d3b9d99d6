-- The burnout family against its twin in SQL, and the laws of merging.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS btwin;
\ir burnout_twin.sql
SELECT plan(18);
SELECT setseed(0.271828);
\echo # seed 0.271828

-- Learners of many sizes and kinds: 0 complete, 1 several rows a day with
-- gaps and unknowns, 2 extremes, 3 no missions, 4 no study time,
-- 5 retention alone, 6 sessions without a length beside timed ones.
CREATE TEMP TABLE sample AS
SELECT size, variant, g AS place, ROW(
       CASE WHEN random() < 0.02 THEN NULL ELSE date '2024-01-01' + CASE variant WHEN 0 THEN g ELSE floor((g + random() * 3) * 1.4 * least(size, 250) / size)::int END END,
       CASE WHEN variant IN (4, 5) OR random() < 0.2 THEN NULL WHEN variant = 2 THEN (random() < 0.5)::int * 9e7
            ELSE floor(random() * 2)::int * round((random() * 4e6 * (1 + (g > size * 0.7)::int))::numeric) END,
       CASE WHEN variant = 5 OR random() < 0.3 THEN NULL WHEN variant = 2 THEN (random() < 0.5)::int * 100 ELSE 20 + random() * 40 + 30 * (g > size * 0.8)::int END,
       CASE WHEN random() < 0.5 THEN NULL WHEN variant = 2 THEN (random() < 0.5)::int ELSE 0.3 + random() * 0.6 END,
       p, CASE WHEN variant = 5 OR random() < 0.1 THEN NULL ELSE least(p, floor(random() * (1.3 + 2 * (g > size * 0.8)::int)))::int END,
       CASE WHEN variant = 5 OR random() < 0.3 THEN NULL WHEN variant = 2 THEN (random() < 0.5)::int ELSE 0.7 + random() * 0.2 - 0.5 * (g > size * 0.8)::int END,
       CASE WHEN variant = 5 OR random() < 0.5 THEN NULL ELSE least(p, floor(random() * 1.2))::int END,
       CASE WHEN variant = 5 OR random() < 0.5 THEN NULL ELSE least(p, floor(random() * 1.2))::int END,
       CASE WHEN variant = 6 AND random() < 0.7 THEN floor(random() * 1.5)::int END
       )::btwin_oracle.burnout_row AS r
FROM unnest('{0,1,2,10,100,1000,10000}'::int[]) size, generate_series(0, 6) variant, generate_series(1, size) g,
     LATERAL (SELECT CASE WHEN variant IN (3, 5) OR random() + g * 0 < 0.2 THEN NULL WHEN variant = 2 THEN 1000 ELSE floor(random() * 4)::int END) m(p)
-- one row a day of 10,000 days does not fit into a state
WHERE (variant > 0 OR size <= 1000) AND (variant <> 5 OR size <= 100) AND (variant < 6 OR size <= 1000);
ANALYZE sample;
SELECT ok(count(*) > 30000, count(*) || ' rows') FROM sample;

CREATE TEMP TABLE state AS
SELECT size, variant, array_agg(r ORDER BY place) AS input,
       btwin.burnout_agg((r).day, (r).study_ms, (r).load, (r).retention, (r).planned, (r).skipped, (r).performance, (r).in_progress, (r).rated_low, (r).untimed) AS s,
       btwin.burnout_agg((r).day, (r).study_ms, (r).load, (r).retention, (r).planned, (r).skipped, (r).performance, (r).in_progress, (r).rated_low, (r).untimed ORDER BY place DESC) AS reversed,
       min((r).day) AS first_day, max((r).day) AS last_day
FROM sample GROUP BY size, variant;

CREATE FUNCTION pg_temp.near(a float8, b float8, tolerance float8 DEFAULT 1e-9) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT (a IS NULL) = (b IS NULL) AND coalesce(abs(a - b) <= tolerance * greatest(1, abs(a), abs(b)), true)
$$;

-- days
SELECT is_empty($$
    SELECT size, variant, day, c.*, t.*
    FROM (SELECT size, variant, d.* FROM state, LATERAL btwin.days(s) d) c
    FULL JOIN (SELECT size, variant, d.* FROM state, LATERAL btwin_oracle.burnout_days(input) d) t USING (size, variant, day)
    WHERE NOT pg_temp.near(c.study_ms, t.study_ms) OR NOT pg_temp.near(c.load, t.load) OR NOT pg_temp.near(c.retention, t.retention)
       OR NOT pg_temp.near(c.performance, t.performance) OR c.planned IS DISTINCT FROM t.planned OR c.skipped IS DISTINCT FROM t.skipped
       OR c.in_progress IS DISTINCT FROM t.in_progress OR c.rated_low IS DISTINCT FROM t.rated_low
       OR c.untimed IS DISTINCT FROM t.untimed
$$, 'days equal the twin');

-- risk of the first days, of days in the middle and beyond the end
CREATE TEMP TABLE asked AS
SELECT size, variant, s, input, from_day, least(from_day + 7, last_day + 20) AS until_day
FROM state, LATERAL (SELECT DISTINCT d FROM unnest(ARRAY[first_day - 3, first_day + (last_day - first_day) * 3 / 4, last_day - 5, last_day + 8]) d) from_days(from_day)
WHERE first_day IS NOT NULL;

CREATE TEMP TABLE twin AS
SELECT a.size, a.variant, a.from_day, t.* FROM asked a, LATERAL btwin_oracle.burnout_risk(input, from_day, until_day) t;
CREATE TEMP TABLE ours AS
SELECT a.size, a.variant, a.from_day, r.*, o.* FROM asked a, LATERAL btwin.risk_by_day(s, from_day, until_day) r, LATERAL (SELECT o.confidence, o.reason, o.score AS one_score, o.level AS one_level FROM btwin.risk(a.s, r.day) o) o;

SELECT ok(count(*) > 500, count(*) || ' days are compared') FROM twin;
SELECT is_empty($$
    SELECT * FROM ours o FULL JOIN twin t ON (o.size, o.variant, o.from_day, o.day) = (t.size, t.variant, t.from_day, t.as_of)
    WHERE o.day IS NULL OR t.as_of IS NULL OR NOT pg_temp.near(o.score, t.score) OR NOT pg_temp.near(o.low, t.low)
       OR NOT pg_temp.near(o.high, t.high) OR NOT pg_temp.near(o.confidence, t.confidence)
       OR o.evidence_days IS DISTINCT FROM t.evidence_days OR o.reason IS DISTINCT FROM t.reason
       OR o.level IS DISTINCT FROM t.level
$$, 'score, interval, level, confidence, evidence and reason equal the twin');
SELECT is_empty('SELECT FROM ours WHERE score IS DISTINCT FROM one_score OR level IS DISTINCT FROM one_level',
    'risk_by_day() tells what risk() tells of each day');
SELECT ok(count(DISTINCT level) >= 3 AND count(DISTINCT reason) = 2 AND count(*) FILTER (WHERE score > 20 AND score < 80) > 100,
    'the comparison saw several levels, both reasons and scores in between') FROM ours;

CREATE TEMP TABLE factor AS
SELECT a.size, a.variant, a.from_day, d::date AS as_of, f.*, row_number() OVER (PARTITION BY a.size, a.variant, a.from_day, d ORDER BY number) AS factor_number
FROM asked a, LATERAL generate_series(from_day::timestamp, until_day::timestamp, '5 days') d,
     LATERAL btwin.factors(s, d::date) WITH ORDINALITY f(factor, value, normal, score, low, high, weight, contribution, severity, confidence, number);
CREATE TEMP TABLE factor_twin AS
SELECT a.size, a.variant, a.from_day, t.* FROM asked a, LATERAL btwin_oracle.burnout_factors(input, from_day, until_day) t;
SELECT is_empty($$
    SELECT f.*, t.* FROM factor f
    JOIN factor_twin t ON (f.size, f.variant, f.from_day, f.as_of, f.factor_number) = (t.size, t.variant, t.from_day, t.as_of, t.factor)
    WHERE NOT pg_temp.near(f.value, t.value) OR NOT pg_temp.near(f.normal, t.normal) OR NOT pg_temp.near(f.score, t.score)
       OR NOT pg_temp.near(f.low, t.score - t.down) OR NOT pg_temp.near(f.high, t.score + t.up)
       OR NOT pg_temp.near(f.confidence, t.reliability)
$$, 'factors equal the twin');
SELECT ok(count(*) > 500 AND count(DISTINCT factor) FILTER (WHERE score > 1 AND score < 99) >= 5, 'the comparison saw all kinds of factors') FROM factor;
SELECT is_empty($$
    SELECT f.size, f.variant, f.from_day, f.as_of, sum(contribution), o.score
    FROM factor f JOIN ours o ON (f.size, f.variant, f.from_day, f.as_of) = (o.size, o.variant, o.from_day, o.day)
    GROUP BY f.size, f.variant, f.from_day, f.as_of, o.score
    HAVING abs(sum(contribution) - o.score) > 1e-9 OR bool_or(abs(weight * coalesce(f.score, 0) - contribution) > 1e-9)
$$, 'contributions sum to the score');

CREATE TEMP TABLE signal AS
SELECT a.size, a.variant, a.from_day, d::date AS as_of, g.* FROM asked a, LATERAL generate_series(from_day::timestamp, until_day::timestamp, '1 day') d, LATERAL btwin.signals(s, d::date) g;
CREATE TEMP TABLE signal_twin AS
SELECT a.size, a.variant, a.from_day, t.* FROM asked a, LATERAL btwin_oracle.burnout_signals(input, from_day, until_day) t
-- without rows in the window there is no signal
WHERE EXISTS (SELECT FROM btwin_oracle.burnout_days(a.input) d WHERE d.day BETWEEN t.as_of - 13 AND t.as_of);
SELECT is_empty($$
    SELECT * FROM signal s FULL JOIN signal_twin t ON (s.size, s.variant, s.from_day, s.as_of, s.type) = (t.size, t.variant, t.from_day, t.as_of, t.type)
    WHERE s.type IS NULL OR t.type IS NULL OR s.severity <> ('{MEDIUM,HIGH}'::text[])[t.severity]
       OR NOT pg_temp.near(s.value, t.value) OR NOT pg_temp.near(s.confidence, t.confidence)
$$, 'signals equal the twin');
SELECT ok(count(DISTINCT type) = 5, 'all five signals were seen') FROM signal;
SELECT is_empty($$
    SELECT s.* FROM signal s LEFT JOIN signal b ON (s.size, s.variant, s.from_day, s.as_of - 1, s.type) = (b.size, b.variant, b.from_day, b.as_of, b.type)
    WHERE s.as_of > s.from_day AND s.first_detected > s.as_of - 56
      AND s.first_detected IS DISTINCT FROM coalesce(b.first_detected, s.as_of)
$$, 'a signal is as old as its unbroken run');

-- laws
SELECT is_empty('SELECT FROM state WHERE s IS NULL AND size > 0', 'every group has a state');
SELECT is_empty($$
    SELECT size, variant FROM state, LATERAL btwin.days(s) a JOIN LATERAL btwin.days(reversed) b USING (day)
    WHERE NOT pg_temp.near(a.study_ms, b.study_ms) OR NOT pg_temp.near(a.load, b.load) OR NOT pg_temp.near(a.retention, b.retention)
       OR NOT pg_temp.near(a.performance, b.performance) OR a.planned IS DISTINCT FROM b.planned OR a.skipped IS DISTINCT FROM b.skipped
$$, 'the order of rows changes nothing beyond rounding');

CREATE TEMP TABLE part AS
SELECT size, variant, part, btwin.burnout_agg((r).day, (r).study_ms, (r).load, (r).retention, (r).planned, (r).skipped, (r).performance, (r).in_progress, (r).rated_low, (r).untimed) AS s
FROM (SELECT *, floor(random() * 9)::int AS part FROM sample) x GROUP BY size, variant, part;
CREATE TEMP TABLE merged AS
SELECT size, variant, flat.left_first, flat.right_first, tree.tree
FROM (SELECT size, variant, btwin.rollup(s ORDER BY part) AS left_first, btwin.rollup(s ORDER BY part DESC) AS right_first FROM part GROUP BY size, variant) flat
JOIN (SELECT size, variant, btwin.rollup(s ORDER BY third DESC) AS tree
      FROM (SELECT size, variant, part / 3 AS third, btwin.rollup(s) AS s FROM part GROUP BY size, variant, part / 3) thirds
      GROUP BY size, variant) tree USING (size, variant);
SELECT ok(count(*) = 38, 'every group was split and merged') FROM merged;
SELECT is_empty($$
    SELECT size, variant, day FROM merged m JOIN state s USING (size, variant),
        LATERAL (SELECT * FROM btwin.days(s.s)) a FULL JOIN LATERAL (SELECT * FROM btwin.days(m.left_first)) b USING (day)
        FULL JOIN LATERAL (SELECT * FROM btwin.days(m.right_first)) c USING (day) FULL JOIN LATERAL (SELECT * FROM btwin.days(m.tree)) d USING (day)
    WHERE NOT pg_temp.near(a.study_ms, b.study_ms) OR NOT pg_temp.near(a.study_ms, c.study_ms) OR NOT pg_temp.near(a.study_ms, d.study_ms)
       OR NOT pg_temp.near(a.load, b.load) OR NOT pg_temp.near(a.load, c.load) OR NOT pg_temp.near(a.load, d.load)
       OR (a.planned, a.skipped, a.in_progress, a.rated_low, a.untimed) IS DISTINCT FROM (b.planned, b.skipped, b.in_progress, b.rated_low, b.untimed)
       OR (a.planned, a.skipped, a.in_progress, a.rated_low, a.untimed) IS DISTINCT FROM (c.planned, c.skipped, c.in_progress, c.rated_low, c.untimed)
       OR (a.planned, a.skipped, a.in_progress, a.rated_low, a.untimed) IS DISTINCT FROM (d.planned, d.skipped, d.in_progress, d.rated_low, d.untimed)
$$, 'any split, order and tree of merges gives the same state up to rounding');
SELECT is_empty($$SELECT FROM state, LATERAL (SELECT btwin.rollup(x) AS r FROM (VALUES (s), (NULL), ((SELECT btwin.burnout_agg(NULL, 1, 1, 1, 1, 1)))) v(x)) e
    WHERE s IS NOT NULL AND btwin.burnout_send(e.r) <> btwin.burnout_send(s)$$, 'the empty state changes nothing');
SELECT is_empty($$SELECT FROM state WHERE s IS NOT NULL AND (btwin.burnout_send(s::text::btwin.burnout) <> btwin.burnout_send(s))$$, 'text is exact');
SELECT * FROM finish();
