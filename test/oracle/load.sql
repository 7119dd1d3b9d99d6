-- The cognitive load family against its twin in plain SQL, on random input; and
-- the laws of merging. Another run: psql -v seed=0.5
\set ECHO none
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS btwin;
\ir load_twin.sql
\if :{?seed} \else
\set seed 0.314159
\endif
SELECT setseed(:seed) \gset ignored_
\echo # seed :seed
SET timezone = 'UTC';

SELECT plan(33);

-- Relative, absolute near zero; NULL equals NULL only.
CREATE FUNCTION close_to(a float8, b float8, tolerance float8 DEFAULT 1e-9) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN a IS NULL OR b IS NULL THEN a IS NULL AND b IS NULL ELSE abs(a - b) <= tolerance * greatest(1, abs(a), abs(b)) END
$$;

-- Draws a session of n answers of one of four kinds: plain; few distinct times and values (ties and
-- duplicates); extremes; parts missing.
CREATE FUNCTION draw_session(n int, kind int) RETURNS TABLE (at timestamptz, latency_ms float8, correct boolean, pause_ms float8)
LANGUAGE sql VOLATILE AS $$
    SELECT '2024-01-01'::timestamptz + CASE WHEN kind = 1 THEN floor(random() * 20) * interval '30 seconds'
                                            WHEN kind = 2 THEN random() ^ 6 * interval '200 days' ELSE random() * n * interval '1 minute' END,
           CASE WHEN kind = 3 AND random() < 0.3 THEN NULL WHEN kind = 1 THEN 1000 * (1 + floor(random() * 5))
                WHEN kind = 2 THEN (ARRAY[0, 0.5, 1, 1e9, 1e300, 1e-300])[1 + floor(random() * 6)::int] ELSE exp(8 + random() + random() - random()) END,
           CASE WHEN kind = 3 AND random() < 0.3 THEN NULL ELSE random() < 0.7 END,
           CASE WHEN kind = 0 THEN NULL WHEN kind = 2 THEN (ARRAY[0, 0.5, 1e300])[1 + floor(random() * 3)::int] WHEN random() < 0.2 THEN round((random() * 100000)::numeric, 1)::float8 END
    FROM generate_series(1, n)
$$;

CREATE TABLE sample (id int, n int, kind int, past int);
INSERT INTO sample SELECT row_number() OVER (), n, kind, past
FROM unnest('{0,1,2,10,1000,10000}'::int[]) AS n, generate_series(0, 3) AS kind, unnest('{0,1,30}'::int[]) AS past, generate_series(1, 3) AS round
WHERE n < 1000 OR (round = 1 AND past <> 1);
CREATE TABLE answer AS SELECT s.id, a.* FROM sample s, LATERAL draw_session(s.n, s.kind + 0 * s.id) AS a;
-- a history of "past" sessions of 0 to 40 answers, each of some length
CREATE TABLE past_session AS SELECT s.id, g AS session, floor(random() * 41)::int AS n, random() ^ 2 * 150 AS minutes FROM sample s, generate_series(1, s.past) AS g;
CREATE TABLE past_answer AS SELECT p.id, p.session, p.minutes, a.* FROM past_session p JOIN sample s USING (id), LATERAL draw_session(p.n, (s.kind + p.session % 2) % 4) AS a;

CREATE TABLE c AS
SELECT s.id, s.n, s.kind, s.past,
       (SELECT btwin.cognitive_load_agg(a.at, a.latency_ms, a.correct, a.pause_ms) FROM answer a WHERE a.id = s.id) AS load,
       (SELECT btwin.rollup(btwin.baseline(x.load, x.minutes)) FROM (SELECT btwin.cognitive_load_agg(p.at, p.latency_ms, p.correct, p.pause_ms) AS load, p.minutes FROM past_answer p WHERE p.id = s.id GROUP BY p.session, p.minutes) x) AS baseline,
       CASE WHEN s.id % 2 = 0 THEN random() * 120 END AS minutes,
       coalesce((SELECT jsonb_agg(to_jsonb(a)) FROM answer a WHERE a.id = s.id), '[]') AS answers,
       coalesce((SELECT jsonb_agg(to_jsonb(p)) FROM past_answer p WHERE p.id = s.id), '[]') AS history
FROM sample s;

SELECT ok(count(*) > 100, format('%s samples, %s answers, %s of the past', count(*), (SELECT count(*) FROM answer), (SELECT count(*) FROM past_answer))) FROM c;

CREATE TABLE scores AS
SELECT c.id, c.n, c.kind, c.past, o.value AS o_value, o.low AS o_low, o.high AS o_high, o.confidence AS o_confidence, x.value, x.low, x.high, x.confidence, x.evidence_count
FROM c CROSS JOIN LATERAL btwin.load_score(load, baseline, minutes) AS x
    -- the twin gives no row without answers
    LEFT JOIN LATERAL btwin_oracle.load_score(answers, history, minutes) AS o ON true;
SELECT is((SELECT count(*) FROM scores), (SELECT count(*) FROM sample), 'a row for each');
SELECT ok(bool_and(close_to(value, o_value)), format('value, n = %s', n)) FROM scores GROUP BY n ORDER BY n;
SELECT ok(bool_and(close_to(low, o_low) AND close_to(high, o_high)), format('interval, n = %s', n)) FROM scores GROUP BY n ORDER BY n;
SELECT ok(bool_and(close_to(confidence, o_confidence)), 'confidence') FROM scores;
SELECT ok(bool_and((value IS NULL) = (evidence_count IS NOT DISTINCT FROM 0 OR evidence_count IS NULL)), 'no score without answers, and only then') FROM scores;
SELECT ok(bool_and(close_to(btwin.minutes(load), btwin_oracle.load_minutes(answers))), 'minutes') FROM c;

CREATE TABLE norms AS
SELECT b.*, o.* FROM c, LATERAL btwin.baseline_summary(coalesce(baseline, (SELECT btwin.rollup(NULL::btwin.load_baseline)))) AS b, LATERAL btwin_oracle.load_norms(history) AS o;
SELECT is((SELECT count(*) FROM norms), (SELECT count(*) FROM sample), 'norms for each');
SELECT ok(bool_and(close_to(ln(usual_latency_ms), log_latency) AND close_to(usual_latency_log_error, sqrt(log_latency_var))), 'norm of latency') FROM norms;
SELECT ok(bool_and(close_to(ln(incorrect_slowdown), slowdown) AND close_to(log_latency_spread, spread)), 'norms of slowdown and spread') FROM norms;
SELECT ok(bool_and(close_to(usual_error_rate, error_rate)), 'norm of errors') FROM norms;
SELECT ok(bool_and(close_to(usual_minutes, minutes) AND close_to(usual_pause_share, pause_share)), 'norms of length and pauses') FROM norms;

CREATE TABLE twin_parts AS SELECT c.id, f.factor, f.raw, f.deviation, f.reliability FROM c, LATERAL btwin_oracle.load_factors(answers, history, minutes) AS f;
CREATE TABLE twin_contributions AS SELECT c.id, f.factor, f.contribution AS o_contribution FROM c, LATERAL btwin_oracle.load_contributions(answers, history, minutes) AS f;
CREATE TABLE parts AS
SELECT * FROM (SELECT c.id, x.factor, x.value, x.contribution FROM c, LATERAL btwin.contributions(load, baseline, minutes) AS x) x JOIN twin_parts USING (id, factor) JOIN twin_contributions USING (id, factor);
SELECT is((SELECT count(*) FROM parts), 5 * (SELECT count(*) FROM scores WHERE value IS NOT NULL), 'five factors of each');
SELECT ok(bool_and(close_to(value, deviation)), 'deviations') FROM parts;
SELECT ok(bool_and(close_to(contribution, o_contribution, 2e-9)), 'contributions') FROM parts;
SELECT ok(bool_and(close_to((SELECT 35 + sum(contribution) FROM parts p WHERE p.id = s.id), value)), 'contributions sum to the value') FROM scores s WHERE value IS NOT NULL;
SELECT ok(bool_and(close_to(i.value, f.raw)), 'raw values of the indicators')
FROM c, LATERAL btwin.indicators(load, baseline, minutes) AS i JOIN twin_parts f ON f.factor = i.type WHERE f.id = c.id;

-- Laws of merging, to the byte: any order, any split, any tree; the empty state changes nothing.
CREATE TABLE law AS SELECT a.*, floor(random() * 5)::int AS part, random() AS shuffle FROM answer a WHERE id IN (SELECT id FROM sample WHERE n IN (2, 10, 1000));
SELECT ok(bool_and(btwin.cognitive_load_send(x.one) = btwin.cognitive_load_send(c.load)), 'any order of rows gives the same bytes')
FROM c JOIN (SELECT id, btwin.cognitive_load_agg(at, latency_ms, correct, pause_ms ORDER BY shuffle) AS one FROM law GROUP BY id) x USING (id);
CREATE TABLE part AS SELECT id, part, btwin.cognitive_load_agg(at, latency_ms, correct, pause_ms ORDER BY shuffle) AS s FROM law GROUP BY id, part;
SELECT ok(bool_and(btwin.cognitive_load_send(x.one) = btwin.cognitive_load_send(c.load)), 'any split gives the same bytes')
FROM c JOIN (SELECT id, btwin.rollup(s ORDER BY random()) AS one FROM part GROUP BY id) x USING (id);
SELECT ok(bool_and(btwin.cognitive_load_send(x.one) = btwin.cognitive_load_send(c.load)), 'any tree gives the same bytes')
FROM c JOIN (SELECT id, btwin.rollup(s) AS one FROM (SELECT id, btwin.rollup(s) AS s FROM part GROUP BY id, part % 2) y GROUP BY id) x USING (id);
SELECT ok(bool_and(btwin.cognitive_load_send(x.one) = btwin.cognitive_load_send(c.load)), 'the empty state changes nothing')
FROM c JOIN (SELECT id, btwin.rollup(s) AS one FROM (SELECT id, s FROM part UNION ALL SELECT id, (SELECT btwin.rollup(NULL::btwin.cognitive_load)) FROM part) y GROUP BY id) x USING (id);
CREATE TABLE bases AS SELECT p.id, p.session, btwin.baseline(btwin.cognitive_load_agg(p.at, p.latency_ms, p.correct, p.pause_ms), p.minutes) AS b FROM past_answer p GROUP BY p.id, p.session, p.minutes;
SELECT ok(bool_and(btwin.load_baseline_send(x.one) = btwin.load_baseline_send(c.baseline)), 'baselines: any order and tree gives the same bytes')
FROM c JOIN (SELECT id, btwin.rollup(b ORDER BY random()) AS one FROM (SELECT id, btwin.rollup(b ORDER BY random()) AS b FROM bases GROUP BY id, session % 3) y GROUP BY id) x USING (id);
SELECT ok(bool_and(btwin.load_baseline_send(x.one) = btwin.load_baseline_send(c.baseline)), 'baselines: the empty one changes nothing')
FROM c JOIN (SELECT id, btwin.rollup(b) AS one FROM (SELECT id, b FROM bases UNION ALL SELECT id, (SELECT btwin.rollup(NULL::btwin.load_baseline)) FROM bases) y GROUP BY id) x USING (id);

SELECT * FROM finish();
