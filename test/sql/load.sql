-- cognitive load: types, aggregates, accessors, errors
SET search_path = '';
SET extra_float_digits = 0;
SET timezone = 'UTC';

CREATE SCHEMA load_test;
CREATE FUNCTION load_test.fault(statement text) RETURNS text LANGUAGE plpgsql AS $$
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

CREATE TABLE load_test.answer (session int, at timestamptz, latency_ms float8, correct boolean, pause_ms float8);
-- session 1: four answers, one time twice; session 2: what is known in part;
-- session 3: rows that say nothing
INSERT INTO load_test.answer VALUES
    (1, '2024-01-01 10:05+00', 9000, false, NULL), (1, '2024-01-01 10:00+00', 6000, true, NULL),
    (1, '2024-01-01 10:02+00', 6000, true, 30000), (1, '2024-01-01 10:02+00', 6000, true, 30000),
    (2, '2024-01-02 10:00+00', NULL, true, NULL), (2, '2024-01-02 10:01+00', 4000.5, NULL, NULL),
    (2, NULL, 4000, true, NULL), (2, '2024-01-02 10:02+00', NULL, NULL, 5000), (2, '2024-01-02 09:00+00', 0, false, 0),
    (3, NULL, 1, true, 1), (3, '2024-01-03 10:00+00', NULL, NULL, 1);

\echo == text form, order of rows, empty states
SELECT session, btwin.cognitive_load_agg(at, latency_ms, correct) FROM load_test.answer GROUP BY session ORDER BY session;
SELECT btwin.cognitive_load_agg(at, latency_ms, correct, pause_ms) FROM load_test.answer WHERE session = 1;
SELECT btwin.cognitive_load_agg(at, latency_ms, correct, pause_ms ORDER BY at, pause_ms, latency_ms)::text
     = btwin.cognitive_load_agg(at, latency_ms, correct, pause_ms ORDER BY latency_ms DESC, at DESC)::text AS same
FROM load_test.answer WHERE session < 3;
SELECT btwin.cognitive_load_agg(at, latency_ms, correct) IS NULL AS no_rows,
       btwin.rollup(NULL::btwin.cognitive_load) IS NULL AS no_states,
       btwin.rollup(NULL::btwin.load_baseline) IS NULL AS no_baselines FROM load_test.answer WHERE false;
SELECT btwin.rollup(s) AS only_null_states FROM (SELECT NULL::btwin.cognitive_load AS s) x;
SELECT btwin.rollup(b) AS only_null_baselines FROM (SELECT NULL::btwin.load_baseline AS b) x;
-- equal rows are two rows, unless DISTINCT says otherwise
SELECT btwin.evidence_count(btwin.cognitive_load_agg(at, latency_ms, correct, pause_ms)) AS answers,
       btwin.evidence_count(btwin.cognitive_load_agg(DISTINCT at, latency_ms, correct, pause_ms)) AS distinct_answers,
       btwin.evidence_count(btwin.cognitive_load_agg(at, latency_ms, correct) FILTER (WHERE correct)) AS correct_ones
FROM load_test.answer WHERE session = 1;
SELECT * FROM btwin.entries((SELECT btwin.cognitive_load_agg(at, latency_ms, correct, pause_ms) FROM load_test.answer WHERE session = 2));
SELECT btwin.cognitive_load_agg(at, latency_ms, correct)::jsonb -> 'answers' -> 0 FROM load_test.answer WHERE session = 2;
-- beside length word, header and count, an answer takes 8 + 1, and 8 for each number it has
SELECT session, pg_column_size(btwin.cognitive_load_agg(at, latency_ms, correct)) - 4 - 8 AS bytes_of_answers
FROM load_test.answer GROUP BY session ORDER BY session;

\echo == baselines
SELECT btwin.baseline(btwin.cognitive_load_agg(at, latency_ms, correct, pause_ms)) FROM load_test.answer WHERE session = 1;
SELECT btwin.baseline(btwin.cognitive_load_agg(at, latency_ms, correct, pause_ms), 16) FROM load_test.answer WHERE session = 2;
SELECT btwin.baseline(btwin.cognitive_load_agg(at, latency_ms, correct, pause_ms)) FROM load_test.answer WHERE session = 3;
SELECT btwin.baseline(NULL::btwin.cognitive_load) IS NULL AS of_null;
SELECT btwin.rollup(b)::jsonb - 'latency_correct' - 'latency_incorrect' AS merged
FROM (SELECT btwin.baseline(btwin.cognitive_load_agg(at, latency_ms, correct, pause_ms)) AS b FROM load_test.answer GROUP BY session) s;
-- 2^(b/16) ms: 6000 lies in bin 200, 9000 in 210, 0 in 0; 5 min 9 s in 291
SELECT floor(16 * ln(6000) / ln(2)) AS b6000, floor(16 * ln(9000) / ln(2)) AS b9000, floor(16 * ln(309000) / ln(2)) AS b309000;

CREATE TABLE load_test.history AS
SELECT d, '2024-01-01'::timestamptz + d * interval '1 day' + i * interval '2 minutes' AS at,
       5000 * (1 + (i % 5 - 2) * 0.1) * CASE WHEN i % 4 = 0 THEN 1.5 ELSE 1 END AS latency_ms, i % 4 <> 0 AS correct
FROM generate_series(1, 30) AS d, generate_series(0, 19) AS i;
CREATE TABLE load_test.learner_baseline AS
SELECT btwin.rollup(btwin.baseline(s, 40)) AS b
FROM (SELECT btwin.cognitive_load_agg(at, latency_ms, correct) AS s FROM load_test.history GROUP BY d) x;
-- 30 sessions of 20 answers, 5 of them wrong and 1.5 times slower, 40 minutes each. Medians within one
-- bin, ln(2)/16 = 0.0433, the MAD within two; error rate (150 + 3) / (600 + 10); usual minutes
-- exp((5 ln 45 + 30 ln 40) / 35) = 40.68 within one bin; slowdown (112.5 ln 1.5 + 10 ln 1.4) / 122.5: 1.492
SELECT sessions, latencies, correct, incorrect, abs(ln(median_latency_ms) - t.median) < 0.0434 AS median, abs(mad_log_latency - t.mad) < 0.0867 AS mad,
       abs(ln(median_minutes / 40)) < 0.0434 AS median_minutes, abs(ln(usual_latency_ms / 5000)) < 0.0434 AS usual, abs(ln(incorrect_slowdown / 1.492)) < 0.0867 AS slowdown,
       round(usual_error_rate::numeric, 9) = round((153 / 610.0)::numeric, 9) AS error_rate, abs(ln(usual_minutes / 40.68)) < 0.0434 AS minutes, round(usual_pause_share::numeric, 9) AS pause_share
FROM btwin.baseline_summary((SELECT b FROM load_test.learner_baseline)),
     (SELECT m.median, (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY abs(ln(latency_ms) - m.median)) FROM load_test.history) AS mad
      FROM (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY ln(latency_ms)) AS median FROM load_test.history) m) t;
-- nobody: the norms of the population
SELECT sessions, latencies, median_latency_ms, mad_log_latency, median_minutes, round(usual_latency_ms::numeric, 9) AS usual_latency_ms,
       usual_latency_log_error, round(incorrect_slowdown::numeric, 9) AS slowdown, log_latency_spread, usual_error_rate,
       round(usual_minutes::numeric, 9) AS usual_minutes, round(usual_pause_share::numeric, 9) AS usual_pause_share
FROM btwin.baseline_summary((SELECT btwin.rollup(NULL::btwin.load_baseline)));

\echo == the score
CREATE VIEW load_test.hard_session AS
SELECT btwin.cognitive_load_agg('2024-03-01 20:00+00'::timestamptz + i * interval '4 minutes', 9000, i % 10 < 4) AS s FROM generate_series(0, 29) AS i;
-- ordinary by construction: latencies and errors as in the baseline, 40 minutes
CREATE VIEW load_test.usual_session AS
SELECT btwin.cognitive_load_agg('2024-03-01'::timestamptz + i * interval '2 minutes',
           5000 * (1 + (i % 5 - 2) * 0.1) * CASE WHEN i % 4 = 0 THEN 1.5 ELSE 1 END, i % 4 <> 0) AS s FROM generate_series(0, 19) AS i;
SELECT value BETWEEN 35 AND 39 AS near_35, load_level, overload, evidence_count, reason, low < value - 10 AND high > value + 10 AS wide
FROM load_test.usual_session, load_test.learner_baseline, btwin.load_score(s, b);
SELECT value > 70 AS hard, load_level, overload, confidence > 0.7 AS confident, evidence_count, reason
FROM load_test.hard_session, load_test.learner_baseline, btwin.load_score(s, b);
SELECT btwin.load_level(s, b), btwin.confidence(s, b) = (btwin.load_score(s, b)).confidence AS confidence, btwin.minutes(s) FROM load_test.hard_session, load_test.learner_baseline;
SELECT type, severity, round(value::numeric, 3) AS value, contribution > 0 AS raises FROM load_test.hard_session, load_test.learner_baseline, btwin.indicators(s, b);
SELECT factor, value IS NULL AS unmeasured, weight >= 0 AS weight, abs(contribution - coalesce(value, 0) * weight) < 1e-9 AS product
FROM load_test.hard_session, load_test.learner_baseline, btwin.contributions(s, b);
SELECT abs((SELECT sum(contribution) FROM btwin.contributions(s, b)) - (btwin.load_score(s, b)).value) < 1e-9 AS sums,
       abs((SELECT sum(contribution) FROM btwin.contributions(s)) - (btwin.load_score(s)).value) < 1e-9 AS sums_without_baseline,
       (SELECT bool_and(i.contribution = c.contribution) FROM btwin.indicators(s, b) i JOIN btwin.contributions(s, b) c ON c.factor = i.type) AS same_points
FROM load_test.hard_session, load_test.learner_baseline;
-- minutes given or not
SELECT (btwin.load_score(s, b, btwin.minutes(s))).value = (btwin.load_score(s, b)).value AS same,
       (btwin.load_score(s, b, 20)).value < (btwin.load_score(s, b)).value AS shorter_is_less
FROM load_test.hard_session, load_test.learner_baseline;
-- without a baseline the population's norms, and less confidence
SELECT reason, confidence < (btwin.load_score(s, b)).confidence AS less_confident, high - low > (SELECT y.high - y.low FROM btwin.load_score(s, b) y) AS wider
FROM load_test.hard_session, load_test.learner_baseline, btwin.load_score(s);
SELECT reason FROM load_test.hard_session, btwin.load_score(s, (SELECT btwin.rollup(NULL::btwin.load_baseline)));
-- few answers pull to the centre: the same three wrong, slow answers against thirty of them
SELECT round((btwin.load_score(few, b)).value::numeric) AS three_answers, round((btwin.load_score(many, b)).value::numeric) AS thirty_answers,
       (btwin.load_score(few, b)).confidence < (btwin.load_score(many, b)).confidence AS less_confident
FROM load_test.learner_baseline,
     (SELECT btwin.cognitive_load_agg('2024-03-01'::timestamptz + i * interval '1 minute', 12000, false) FILTER (WHERE i < 3) AS few,
             btwin.cognitive_load_agg('2024-03-01'::timestamptz + i * interval '1 minute', 12000, false) AS many FROM generate_series(0, 29) AS i) x;
-- no answers, no score
SELECT * FROM btwin.load_score((SELECT btwin.cognitive_load_agg(at, latency_ms, correct) FROM load_test.answer WHERE session = 3));
SELECT * FROM btwin.load_score(NULL::btwin.cognitive_load);
SELECT btwin.load_level(s) AS level, btwin.confidence(s) AS confidence, btwin.minutes(s) AS minutes, btwin.evidence_count(s) AS answers,
       (SELECT count(*) FROM btwin.indicators(s)) AS indicators, (SELECT count(*) FROM btwin.contributions(s)) AS contributions, (SELECT count(*) FROM btwin.entries(s)) AS entries
FROM (SELECT btwin.cognitive_load_agg(at, latency_ms, correct) AS s FROM load_test.answer WHERE session = 3) x;
SELECT score, btwin.load_level(score) FROM unnest('{0,39.999,40,59.999,60,79.999,80,100}'::float8[]) AS score;

\echo == window frames
SELECT at, btwin.evidence_count(btwin.cognitive_load_agg(at, latency_ms, correct) OVER w) AS answers, btwin.minutes(btwin.cognitive_load_agg(at, latency_ms, correct) OVER w) AS minutes
FROM load_test.answer WHERE session = 1 WINDOW w AS (ORDER BY at DESC, latency_ms ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) ORDER BY at DESC;
SELECT d, (btwin.baseline_summary(btwin.rollup(b) OVER (ORDER BY d ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING))).sessions AS earlier_sessions
FROM (SELECT d, btwin.baseline(btwin.cognitive_load_agg('2024-01-01'::timestamptz + d * interval '1 day', 1000, true)) AS b FROM generate_series(1, 3) AS d GROUP BY d) x ORDER BY d;

\echo == merges are exact; round trips are exact
CREATE TABLE load_test.many AS
SELECT i % 7 AS part, '2024-01-01'::timestamptz + (i * 7919 % 1000) * interval '1 second' AS at,
       CASE WHEN i % 11 = 0 THEN NULL ELSE exp(i % 97 / 7.0) END AS latency_ms,
       CASE WHEN i % 5 = 0 THEN NULL ELSE i % 3 = 0 END AS correct, CASE WHEN i % 2 = 0 THEN i * 1.5 END AS pause_ms
FROM generate_series(1, 2000) AS i;
SELECT (SELECT btwin.rollup(s)::text FROM (SELECT btwin.cognitive_load_agg(at, latency_ms, correct, pause_ms) AS s FROM load_test.many GROUP BY part) x)
     = (SELECT btwin.cognitive_load_agg(at, latency_ms, correct, pause_ms)::text FROM load_test.many) AS merged;
SELECT (SELECT btwin.rollup(b)::text FROM (SELECT btwin.rollup(btwin.baseline(s, part)) AS b FROM (SELECT part, btwin.cognitive_load_agg(at, latency_ms, correct, pause_ms) AS s FROM load_test.many GROUP BY part) x GROUP BY part % 2) y)
     = (SELECT btwin.rollup(btwin.baseline(s, part) ORDER BY part DESC)::text FROM (SELECT part, btwin.cognitive_load_agg(at, latency_ms, correct, pause_ms) AS s FROM load_test.many GROUP BY part) x) AS merged_baselines;
CREATE TABLE load_test.state AS
SELECT part AS id, btwin.cognitive_load_agg(at, latency_ms, correct, pause_ms) AS s, btwin.baseline(btwin.cognitive_load_agg(at, latency_ms, correct, pause_ms)) AS b FROM load_test.many GROUP BY part
UNION ALL SELECT 100, (SELECT btwin.rollup(NULL::btwin.cognitive_load)), (SELECT btwin.rollup(NULL::btwin.load_baseline))
UNION ALL SELECT 101, (SELECT btwin.cognitive_load_agg(x.at, x.l, x.c, x.p) FROM (VALUES ('4713-01-01 00:00+00 BC'::timestamptz, 1e-300, true, 1e300), ('294276-12-31 23:59:59.999999+00', 1e300, false, 0.1::float8), ('2000-01-01 00:00+00', -0.0::float8, NULL, -0.0::float8)) AS x(at, l, c, p)), NULL;
UPDATE load_test.state SET b = btwin.baseline(s) WHERE id = 101;
SELECT bool_and(s::text::btwin.cognitive_load::text = s::text) AS text_exact,
       bool_and(btwin.cognitive_load_send(s::text::btwin.cognitive_load) = btwin.cognitive_load_send(s)) AS bytes_exact,
       bool_and(b::text::btwin.load_baseline::text = b::text) AS baseline_text_exact,
       bool_and(btwin.load_baseline_send(b::text::btwin.load_baseline) = btwin.load_baseline_send(b)) AS baseline_bytes_exact
FROM load_test.state;
SELECT s FROM load_test.state WHERE id = 101;
CREATE TABLE load_test.state_back (LIKE load_test.state);
DO $$
DECLARE file text := pg_catalog.current_setting('data_directory') || '/regress_load.bin';
BEGIN
    EXECUTE pg_catalog.format('COPY load_test.state TO %L (FORMAT binary)', file);
    EXECUTE pg_catalog.format('COPY load_test.state_back FROM %L (FORMAT binary)', file);
END $$;
SELECT count(*) AS rows, bool_and(a.s::text = c.s::text AND a.b::text = c.b::text) AS binary_copy FROM load_test.state a JOIN load_test.state_back c USING (id);

\echo == parallel, serial and partitionwise give the same bytes
CREATE TABLE load_test.big (learner int, session int, at timestamptz, latency_ms float8, correct boolean) PARTITION BY HASH (learner);
CREATE TABLE load_test.big_0 PARTITION OF load_test.big FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE load_test.big_1 PARTITION OF load_test.big FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO load_test.big SELECT i % 10, i % 100, '2024-01-01'::timestamptz + (i * 7919 % 20011) * interval '1 second', 1000 + i % 977, i % 3 > 0 FROM generate_series(1, 20000) AS i;
ANALYZE load_test.big;
CREATE VIEW load_test.big_sessions AS SELECT learner, session, btwin.cognitive_load_agg(at, latency_ms, correct) AS s FROM load_test.big GROUP BY learner, session;
SET max_parallel_workers_per_gather = 0;
CREATE TABLE load_test.session_state AS SELECT * FROM load_test.big_sessions;
ALTER TABLE load_test.session_state SET (parallel_workers = 2);
CREATE TABLE load_test.learner_state AS SELECT learner, btwin.rollup(btwin.baseline(s)) AS b FROM load_test.session_state GROUP BY learner;
ANALYZE load_test.session_state;
SET max_parallel_workers_per_gather = 2;
SET min_parallel_table_scan_size = 0;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
CREATE FUNCTION load_test.is_partial(query text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE line text; found boolean := false;
BEGIN
    FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP
        found := found OR line ~ 'Partial (Group|Hash)?Aggregate';
    END LOOP;
    RETURN found;
END $$;
SELECT load_test.is_partial('SELECT learner, session, btwin.cognitive_load_agg(at, latency_ms, correct) FROM load_test.big GROUP BY learner, session');
SELECT count(*) AS sessions, bool_and(p.s::text = q.s::text) AS parallel_is_serial FROM load_test.big_sessions p JOIN load_test.session_state q USING (learner, session);
SELECT load_test.is_partial('SELECT learner, btwin.rollup(btwin.baseline(s)) AS b FROM load_test.session_state GROUP BY learner');
SELECT count(*) AS learners, bool_and(p.b::text = q.b::text) AS parallel_is_serial
FROM (SELECT learner, btwin.rollup(btwin.baseline(s)) AS b FROM load_test.session_state GROUP BY learner) p JOIN load_test.learner_state q USING (learner);
SET parallel_leader_participation = off;
SELECT count(*) AS sessions, bool_and(p.s::text = q.s::text) AS without_leader FROM load_test.big_sessions p JOIN load_test.session_state q USING (learner, session);
-- groups emptied by FILTER in most workers
SELECT btwin.evidence_count(btwin.cognitive_load_agg(at, latency_ms, correct) FILTER (WHERE session = 7 AND learner = 7)) AS answers,
       btwin.cognitive_load_agg(at, latency_ms, correct) FILTER (WHERE session = -1) IS NULL AS nowhere FROM load_test.big;
-- the merge of sessions: NULL groups on both sides of a combine
SELECT btwin.evidence_count(btwin.rollup(s) FILTER (WHERE session = 7)) AS answers FROM load_test.session_state;
RESET parallel_leader_participation;
SET enable_partitionwise_aggregate = on;
SET max_parallel_workers_per_gather = 0;
SELECT load_test.is_partial('SELECT session, btwin.cognitive_load_agg(at, latency_ms, correct) FROM load_test.big GROUP BY session');
SELECT count(*) AS sessions, bool_and(p.s::text = q.s::text) AS partitionwise_is_serial
FROM (SELECT session, btwin.cognitive_load_agg(at, latency_ms, correct) AS s FROM load_test.big GROUP BY session) p
JOIN load_test.session_state q USING (session);
RESET enable_partitionwise_aggregate;

\echo == bad arguments
SELECT load_test.fault($$SELECT btwin.cognitive_load_agg('2024-01-01+00'::timestamptz, 'NaN'::float8, true)$$);
SELECT load_test.fault($$SELECT btwin.cognitive_load_agg('2024-01-01+00'::timestamptz, 'Infinity'::float8, true)$$);
SELECT load_test.fault($$SELECT btwin.cognitive_load_agg('2024-01-01+00'::timestamptz, -1::float8, true)$$);
SELECT load_test.fault($$SELECT btwin.cognitive_load_agg('2024-01-01+00'::timestamptz, 1, true, -1::float8)$$);
SELECT load_test.fault($$SELECT btwin.cognitive_load_agg('2024-01-01+00'::timestamptz, 1, true, 'NaN'::float8)$$);
SELECT load_test.fault($$SELECT btwin.cognitive_load_agg('infinity'::timestamptz, 1, true)$$);
SELECT load_test.fault($$SELECT btwin.cognitive_load_agg('-infinity'::timestamptz, 1, true)$$);
SELECT load_test.fault($$SELECT btwin.cognitive_load_agg('2024-01-01+00'::timestamptz, i, true) FROM generate_series(1, 10001) AS i$$);
SELECT btwin.evidence_count(btwin.cognitive_load_agg('2024-01-01+00'::timestamptz, i, true)) AS at_the_bound FROM generate_series(1, 10000) AS i;
SELECT load_test.fault($$SELECT btwin.rollup(s) FROM (SELECT btwin.cognitive_load_agg('2024-01-01+00'::timestamptz, i, true) AS s FROM generate_series(1, 10002) AS i GROUP BY i % 2) x$$);
SELECT load_test.fault($$SELECT btwin.load_score(s, NULL, -1) FROM load_test.state$$);
SELECT load_test.fault($$SELECT btwin.load_score(s, NULL, 1440.1) FROM load_test.state$$);
SELECT load_test.fault($$SELECT btwin.baseline(s, 'NaN') FROM load_test.state$$);
SELECT load_test.fault($$SELECT btwin.load_level(100.1)$$);
SELECT load_test.fault($$SELECT btwin.load_level(-0.1)$$);
SELECT load_test.fault($$SELECT btwin.rollup(b) FROM (SELECT '{"family": "load_baseline", "version": 1, "sessions": 9000000000000000000, "correct": 0, "incorrect": 0, "pause_ms": 0, "paused_session_ms": 0, "latency_unknown": [], "latency_incorrect": [], "latency_correct": [], "session_length": [{"bin": 1, "count": 9000000000000000000}]}'::btwin.load_baseline AS b FROM generate_series(1, 2)) x$$);

\echo == malformed text: each fault alone
CREATE FUNCTION load_test.text_fault(type text, literal text) RETURNS text LANGUAGE sql AS $$
    SELECT load_test.fault(pg_catalog.format('SELECT %L::btwin.%I', literal, type))
$$;
SELECT load_test.text_fault('cognitive_load', t) FROM unnest(ARRAY[
    '', '{}', '{"family": "bandit", "version": 1, "answers": []}', '{"family": "cognitive_load", "version": 2, "answers": []}',
    '{"family": "cognitive_load", "version": 0, "answers": []}', '{"family": "cognitive_load", "version": 1}',
    '{"family": "cognitive_load", "version": 1, "answers": [{}]}',
    '{"family": "cognitive_load", "version": 1, "answers": [{"at": 0, "outcome": "right", "latency_ms": 1, "pause_ms": null}]}',
    '{"family": "cognitive_load", "version": 1, "answers": [{"at": 0, "outcome": true, "latency_ms": 1, "pause_ms": null}]}',
    '{"family": "cognitive_load", "version": 1, "answers": [{"at": 0, "outcome": null, "latency_ms": null, "pause_ms": 1}]}',
    '{"family": "cognitive_load", "version": 1, "answers": [{"at": 0, "outcome": null, "latency_ms": -1, "pause_ms": null}]}',
    '{"family": "cognitive_load", "version": 1, "answers": [{"at": 0, "outcome": null, "latency_ms": 1e999, "pause_ms": null}]}',
    '{"family": "cognitive_load", "version": 1, "answers": [{"at": 0, "outcome": null, "latency_ms": 1, "pause_ms": -0.5}]}',
    '{"family": "cognitive_load", "version": 1, "answers": [{"at": 0, "outcome": null, "latency_ms": 1, "pause_ms": nul}]}',
    '{"family": "cognitive_load", "version": 1, "answers": [{"at": 9223372036854775807, "outcome": "correct", "latency_ms": 1, "pause_ms": null}]}',
    '{"family": "cognitive_load", "version": 1, "answers": [{"at": -9223372036854775808, "outcome": "correct", "latency_ms": 1, "pause_ms": null}]}',
    '{"family": "cognitive_load", "version": 1, "answers": [{"at": -211813488000000001, "outcome": "correct", "latency_ms": 1, "pause_ms": null}]}',
    '{"family": "cognitive_load", "version": 1, "answers": [{"at": 1.5, "outcome": "correct", "latency_ms": 1, "pause_ms": null}]}',
    '{"family": "cognitive_load", "version": 1, "answers": [{"at": 1, "outcome": "correct", "latency_ms": 1, "pause_ms": null}, {"at": 0, "outcome": "correct", "latency_ms": 1, "pause_ms": null}]}',
    '{"family": "cognitive_load", "version": 1, "answers": [{"at": 1, "outcome": "correct", "latency_ms": 2, "pause_ms": null}, {"at": 1, "outcome": "correct", "latency_ms": 1, "pause_ms": null}]}',
    '{"family": "cognitive_load", "version": 1, "answers": [{"at": 0, "outcome": "correct", "latency_ms": 1, "pause_ms": null, "x": 1}]}',
    '{"family": "cognitive_load", "version": 1, "answers": []} x']) AS t;
SELECT load_test.fault($$SELECT ('{"family": "cognitive_load", "version": 1, "answers": [' || string_agg('{"at": 1, "outcome": "correct", "latency_ms": null, "pause_ms": null}', ', ') || ']}')::btwin.cognitive_load FROM generate_series(1, 10001)$$);
SELECT '  { "family" :"cognitive_load","version":1,"answers":[ {"at":0,"outcome":null,"latency_ms": 1.50 ,"pause_ms": null}]}  '::btwin.cognitive_load AS blanks_are_fine;
SELECT load_test.text_fault('load_baseline', pg_catalog.format('{"family": "load_baseline", "version": 1, "sessions": %s, "correct": %s, "incorrect": %s, "pause_ms": %s, "paused_session_ms": %s, "latency_unknown": [%s], "latency_incorrect": [%s], "latency_correct": [%s], "session_length": [%s]}', VARIADIC t))
FROM (VALUES (ARRAY['1', '1', '0', '0', '0', '', '', '{"bin": 1, "count": 1}', '{"bin": 1, "count": 1}']),
    (ARRAY['2', '1', '0', '0', '0', '', '', '{"bin": 1, "count": 1}', '{"bin": 1, "count": 1}']),
    (ARRAY['1', '0', '0', '0', '0', '', '', '{"bin": 1, "count": 1}', '{"bin": 1, "count": 1}']),
    (ARRAY['1', '0', '0', '0', '0', '', '{"bin": 1, "count": 1}', '', '{"bin": 1, "count": 1}']),
    (ARRAY['0', '1', '0', '0', '0', '', '', '', '']),
    (ARRAY['0', '0', '0', '1', '0', '', '', '', '']),
    (ARRAY['0', '0', '0', '0', '1', '', '', '', '']),
    (ARRAY['0', '0', '0', '0', '0', '{"bin": 1, "count": 1}', '', '', '']),
    (ARRAY['-1', '0', '0', '0', '0', '', '', '', '']),
    (ARRAY['0', '-1', '0', '0', '0', '', '', '', '']),
    (ARRAY['1', '0', '0', '0', '0', '', '', '', '{"bin": 432, "count": 1}']),
    (ARRAY['1', '0', '0', '0', '0', '', '', '', '{"bin": -1, "count": 1}']),
    (ARRAY['1', '0', '0', '0', '0', '', '', '', '{"bin": 1, "count": 0}']),
    (ARRAY['2', '0', '0', '0', '0', '', '', '', '{"bin": 1, "count": 1}, {"bin": 1, "count": 1}']),
    (ARRAY['2', '0', '0', '0', '0', '', '', '', '{"bin": 2, "count": 1}, {"bin": 1, "count": 1}']),
    (ARRAY['1', '0', '0', '0', '0', '', '', '', '{"bin": 1, "count": 1}, {"bin": 2, "count": 9223372036854775807}'])) AS v(t);

\echo == malformed bytes: each field wrong in turn, through binary COPY
CREATE FUNCTION load_test.recv_fault(type text, bytes bytea) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    file text := pg_catalog.current_setting('data_directory') || '/regress_load.bin';
    found text;
BEGIN
    CREATE TEMP TABLE raw AS SELECT bytes;
    EXECUTE pg_catalog.format('CREATE TEMP TABLE typed (s btwin.%I)', type);
    EXECUTE pg_catalog.format('COPY pg_temp.raw TO %L (FORMAT binary)', file);
    found := load_test.fault(pg_catalog.format('COPY pg_temp.typed FROM %L (FORMAT binary)', file));
    DROP TABLE pg_temp.raw, pg_temp.typed;
    RETURN pg_catalog.regexp_replace(found, ' \| Write states with.*', '');
END $$;
SELECT what, load_test.recv_fault('cognitive_load', bytes) FROM (VALUES
    ('sound', '\x0401000000000001 0000000000000000 06 3ff0000000000000'::bytea),
    ('nothing', '\x'), ('header cut', '\x0401'), ('other family', '\x0601000000000000'), ('the baseline''s family', '\x1401000000000000'),
    ('version 0', '\x0400000000000000'), ('version 2', '\x0402000000000000'), ('reserved', '\x0401010000000000'), ('reserved', '\x0401000100000000'),
    ('no count', '\x04010000'), ('negative count', '\x04010000ffffffff'), ('count past the bound', '\x0401000000002711'), ('count past the end', '\x0401000000000002 0000000000000000 06 3ff0000000000000'),
    ('something left', '\x0401000000000001 0000000000000000 06 3ff0000000000000 00'), ('cut', '\x0401000000000001 0000000000000000 06 3ff0000000'),
    ('unknown flag', '\x0401000000000001 0000000000000000 16 3ff0000000000000'), ('outcome 3', '\x0401000000000001 0000000000000000 07 3ff0000000000000'),
    ('says nothing', '\x0401000000000001 0000000000000000 00'), ('pause alone', '\x0401000000000001 0000000000000000 08 3ff0000000000000'),
    ('NaN', '\x0401000000000001 0000000000000000 06 7ff8000000000000'), ('infinity', '\x0401000000000001 0000000000000000 06 7ff0000000000000'),
    ('negative latency', '\x0401000000000001 0000000000000000 06 bff0000000000000'), ('negative zero', '\x0401000000000001 0000000000000000 06 8000000000000000'),
    ('negative pause', '\x0401000000000001 0000000000000000 0a bff0000000000000'),
    ('infinite time', '\x0401000000000001 7fffffffffffffff 02'), ('minus infinite time', '\x0401000000000001 8000000000000000 02'), ('time past the end', '\x0401000000000001 7ffffffffffffffe 02'),
    ('not in order', '\x0401000000000002 0000000000000001 02 0000000000000000 02'), ('not in order at one time', '\x0401000000000002 0000000000000001 02 0000000000000001 01')) AS v(what, bytes);
SELECT what, load_test.recv_fault('load_baseline', '\x14010000'::bytea || numbers || histograms) FROM (VALUES
    ('sound', '\x0000000000000001 0000000000000001 0000000000000000 0000000000000000 0000000000000000'::bytea, '\x00000000 00000000 00000001 8201 01 00000001 02 01'::bytea),
    ('negative sessions', '\xffffffffffffffff 0000000000000001 0000000000000000 0000000000000000 0000000000000000', '\x00000000 00000000 00000001 8201 01 00000001 02 01'),
    ('two sessions, one length', '\x0000000000000002 0000000000000001 0000000000000000 0000000000000000 0000000000000000', '\x00000000 00000000 00000001 8201 01 00000001 02 01'),
    ('no answer for the latency', '\x0000000000000001 0000000000000000 0000000000000000 0000000000000000 0000000000000000', '\x00000000 00000000 00000001 8201 01 00000001 02 01'),
    ('negative answers', '\x0000000000000001 8000000000000000 0000000000000000 0000000000000000 0000000000000000', '\x00000000 00000000 00000000 00000001 02 01'),
    ('negative errors', '\x0000000000000001 0000000000000000 8000000000000000 0000000000000000 0000000000000000', '\x00000000 00000000 00000000 00000001 02 01'),
    ('negative pause', '\x0000000000000001 0000000000000000 0000000000000000 8000000000000000 0000000000000000', '\x00000000 00000000 00000000 00000001 02 01'),
    ('negative length', '\x0000000000000001 0000000000000000 0000000000000000 0000000000000000 8000000000000000', '\x00000000 00000000 00000000 00000001 02 01'),
    ('answers without session', '\x0000000000000000 0000000000000001 0000000000000000 0000000000000000 0000000000000000', '\x00000000 00000000 00000000 00000000'),
    ('too many bins', '\x0000000000000001 0000000000000000 0000000000000000 0000000000000000 0000000000000000', '\x000001b1 00000000 00000000 00000001 02 01'),
    ('bin past the grid', '\x0000000000000001 0000000000000000 0000000000000000 0000000000000000 0000000000000000', '\x00000000 00000000 00000000 00000001 b103 01'),
    ('second bin past the grid', '\x0000000000000002 0000000000000000 0000000000000000 0000000000000000 0000000000000000', '\x00000000 00000000 00000000 00000002 01 01 b003 01'),
    ('a step in ten bytes', '\x0000000000000001 0000000000000000 0000000000000000 0000000000000000 0000000000000000', '\x00000000 00000000 00000000 00000001 81808080808080808002 01'),
    ('last bin', '\x0000000000000001 0000000000000000 0000000000000000 0000000000000000 0000000000000000', '\x00000000 00000000 00000000 00000001 b003 01'),
    ('step 0', '\x0000000000000001 0000000000000000 0000000000000000 0000000000000000 0000000000000000', '\x00000000 00000000 00000000 00000001 00 01'),
    ('count 0', '\x0000000000000001 0000000000000000 0000000000000000 0000000000000000 0000000000000000', '\x00000000 00000000 00000000 00000001 02 00'),
    ('count in two bytes for one', '\x0000000000000001 0000000000000000 0000000000000000 0000000000000000 0000000000000000', '\x00000000 00000000 00000000 00000001 02 8100'),
    ('count of 1 in ten bytes', '\x0000000000000001 0000000000000000 0000000000000000 0000000000000000 0000000000000000', '\x00000000 00000000 00000000 00000001 02 81808080808080808002'),
    ('count without end', '\x0000000000000001 0000000000000000 0000000000000000 0000000000000000 0000000000000000', '\x00000000 00000000 00000000 00000001 02 ffffffffffffffffffffffff'),
    ('something left', '\x0000000000000000 0000000000000000 0000000000000000 0000000000000000 0000000000000000', '\x00000000 00000000 00000000 00000000 00'),
    ('cut', '\x0000000000000000 0000000000000000 0000000000000000 0000000000000000 0000000000000000', '\x00000000 00000000 00000000 000000')) AS v(what, numbers, histograms);

\echo == medians: 2000 ms lie in bin 175, 20 minutes in bin 323: 2^(175.5/16) = 2004.116 ms, 2^(323.5/16) / 60000 = 20.337566 minutes
SELECT sessions, latencies, round(median_latency_ms::numeric, 3) AS median_latency_ms, round(median_minutes::numeric, 6) AS median_minutes
FROM (SELECT btwin.rollup(btwin.baseline(s, minutes)) AS b
      FROM (SELECT minutes, btwin.cognitive_load_agg('2024-01-01'::timestamptz, 100 * minutes, true) AS s FROM pg_catalog.unnest('{10,20,40}'::float8[]) minutes GROUP BY minutes) x) y,
    LATERAL btwin.baseline_summary(b);
\echo == a length that is given counts, however short; counts of 127 take one byte, of 128 two
SELECT minutes, b::text FROM (SELECT btwin.cognitive_load_agg('2024-01-01'::timestamptz + g * interval '2 minutes', 1000, true, 0) AS s FROM pg_catalog.generate_series(0, 2) g) x,
    pg_catalog.unnest('{NULL,0.005,0}'::float8[]) WITH ORDINALITY AS v(minutes, n), LATERAL btwin.baseline(s, minutes) b ORDER BY n;
SELECT n, pg_catalog.length(btwin.load_baseline_send(btwin.baseline(btwin.cognitive_load_agg('2024-01-01'::timestamptz + g * interval '1 second', 1000, true)))) AS bytes
FROM pg_catalog.unnest('{127,128}'::int[]) n, LATERAL pg_catalog.generate_series(1, n) g GROUP BY n ORDER BY n;

SET client_min_messages = warning;
DROP SCHEMA load_test CASCADE;
