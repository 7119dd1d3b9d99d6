-- evaluation: log loss, Brier, AUC, average precision, lift, regret, calibration
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

-- 2000 rows from integers, 503 distinct p, so that any language makes the same ones
CREATE TABLE public.prediction AS
SELECT i, i % 7 AS part, (i * 7919) % 503 / 503.0::float8 AS p, ((i * i * 31 + i * 17) % 1000 - 200) * 503 < 600 * ((i * 7919) % 503) AS y
FROM pg_catalog.generate_series(1, 2000) i;

\echo == by hand
-- log loss -(ln 0.8 + ln 0.5 + ln 0.9) / 3 = 0.340550; Brier (0.04 + 0.25 + 0.01) / 3 = 0.1; regret 0.2 + 0 + 0.5
SELECT round(btwin.log_loss_agg(p, y)::numeric, 6) AS log_loss, round(btwin.brier_agg(p, y)::numeric, 6) AS brier FROM (VALUES (0.8, true), (0.5, false), (0.1, false), (NULL, true), (0.3, NULL)) v (p, y);
SELECT round(btwin.regret_agg(best, chosen)::numeric, 9) AS regret FROM (VALUES (0.7, 0.5), (0.7, 0.7), (0.7, 0.2), (NULL, 1), (1, NULL)) v (best, chosen);
-- descending: .9 t, .8 f, .7 t, .7 f, .2 f. Pairs: 6; right: .9 beats 3, .7 beats 1 and ties 1: 4.5 of 6.
-- Average precision 1/2 * 1 + 1/2 * 2/4 = 0.75. Lift of the top 40 % (2 rows, 1 hit): 1/2 / (2/5) = 1.25;
-- of the top 60 % (.9, .8 and half of the tie): (1 + 1/2) / 3 / (2/5) = 1.25; of the top 20 %: 1 / (2/5) = 2.5; of the default 10 %, half a row: 2.5
SELECT btwin.auc_agg(p, y) AS auc, btwin.average_precision_agg(p, y) AS average_precision, round(btwin.lift_agg(p, y, 0.4)::numeric, 9) AS lift40, round(btwin.lift_agg(p, y, 0.6)::numeric, 9) AS lift60,
       round(btwin.lift_agg(p, y, 0.2)::numeric, 9) AS lift20, round(btwin.lift_agg(p, y)::numeric, 9) AS lift10, round(btwin.lift_agg(p, y, 1)::numeric, 9) AS lift_all
FROM (VALUES (0.9, true), (0.8, false), (0.7, true), (0.7, false), (0.2, false), (NULL, true), (0.5, NULL)) v (p, y);
-- the default share is a tenth: of 30 rows the 3 best with 2 of the 10 hits, 2/3 / (1/3) = 2
SELECT round(btwin.lift_agg(g, h)::numeric, 9) AS tenth, round(btwin.lift_agg(g, h, 0.1)::numeric, 9) AS stated FROM (SELECT g / 30.0::float8 AS g, g IN (30, 28) OR g <= 8 AS h FROM pg_catalog.generate_series(1, 30) g) q;
-- a share of far less than a row has the rate of the best one: 1 / (2/5)
SELECT round(btwin.lift_agg(p, y, 0.001)::numeric, 9) AS lift FROM (VALUES (0.9, true), (0.8, false), (0.7, true), (0.7, false), (0.2, false)) v (p, y);
-- order: best, worst, no information
SELECT btwin.auc_agg(g / 10.0, g > 5) AS best, btwin.auc_agg(g / 10.0, g < 5) AS worst, btwin.auc_agg(0.5, g > 5) AS chance, btwin.average_precision_agg(0.5, g > 5) AS rate, btwin.lift_agg(0.5, g > 5) AS no_lift
FROM pg_catalog.generate_series(1, 10) g;
-- minus zero ties with zero
SELECT btwin.auc_agg(p, y) AS tie FROM (VALUES (0.0::float8, true), ('-0'::float8, false)) v (p, y);

\echo == equal to scikit-learn 1.2.1: roc_auc_score, log_loss, brier_score_loss, average_precision_score
SELECT abs(btwin.auc_agg(p, y) - 0.703051957927767) < 1e-12 AS auc, abs(btwin.log_loss_agg(p, y) - 0.718631035632880) < 1e-12 AS log_loss,
       abs(btwin.brier_agg(p, y) - 0.231856609843919) < 1e-12 AS brier, abs(btwin.average_precision_agg(p, y) - 0.684555134338951) < 1e-12 AS average_precision
FROM public.prediction;
-- two distinct p only
SELECT abs(btwin.auc_agg(q, y) - 0.653112192622951) < 1e-12 AS auc, abs(btwin.average_precision_agg(q, y) - 0.611425350701403) < 1e-12 AS average_precision
FROM (SELECT CASE WHEN p < 0.5 THEN 0.25 ELSE 0.75 END AS q, y FROM public.prediction) q;
-- failed certainties cost -ln 2^-52 = 36.04 each
SELECT abs(btwin.log_loss_agg(p, y) - 24.029102259411435) < 1e-12 AS certain FROM (VALUES (0, true), (1, false), (1, true)) v (p, y);
-- numpy: ECE over 10 bins, and its noise floor; 4000 simulated perfect forecasters with these p showed 0.02233 +- 0.00009
SELECT abs(btwin.ece(c) - 0.096962226640159) < 1e-12 AS ece, abs(btwin.ece_noise(c) - 0.022310813482794) < 1e-12 AS noise, btwin.evidence_count(c) FROM (SELECT btwin.calibration_agg(p, y) AS c FROM public.prediction) q;

\echo == calibration by hand
-- borders belong to the upper bin, 1 to the last: 0 | .1 | .29 | .3 | 1; variance sum p (1 - p)
SELECT bin_low, bin_high, "count", mean_predicted, observed_rate, round(standard_error::numeric, 6) AS standard_error
FROM btwin.bins((SELECT btwin.calibration_agg(p, y) FROM (VALUES (0, false), (0.1, true), (0.29, true), (0.29, false), (0.3, false), (1, true)) v (p, y)));
-- the same borders whatever rounding makes of p * bins: k / n opens bin k for all n up to 1000
SELECT count(*) AS wrong FROM (SELECT n, k, (SELECT min(b.bin_low) FROM btwin.bins(c) b WHERE b."count" > 0) AS low
    FROM (SELECT n, k, btwin.calibration_agg(k::float8 / n, true, n) AS c FROM (VALUES (3), (7), (10), (49), (100), (1000)) v (n), pg_catalog.generate_series(0, n - 1) k GROUP BY n, k) q) q WHERE low <> k::float8 / n;
-- ECE (|.2 - 1| + |.2 + .3 - 1| + |.8 - 1|) / 4 with 5 bins: .2 | .3 (bin [.2, .4) holds both) | .8: (|.5 - 1| + |.7 - 0| + |.8 - 1|) / 4
-- noise sqrt(2/pi) (sqrt(.16 + .21) + sqrt(.21) + sqrt(.16)) / 4
SELECT round(btwin.ece(c)::numeric, 9) AS ece, round((btwin.ece_noise(c) - sqrt(2 / pi()) * (sqrt(0.37) + sqrt(0.21) + 0.4) / 4)::numeric, 12) AS noise_off
FROM (SELECT btwin.calibration_agg(p, y, 5) AS c FROM (VALUES (0.2, true), (0.3, false), (0.7, false), (0.8, true)) v (p, y)) q;

\echo == no rows, only unknown ones, one outcome only
SELECT btwin.log_loss_agg(p, y) AS log_loss, btwin.brier_agg(p, y) AS brier, btwin.auc_agg(p, y) AS auc, btwin.average_precision_agg(p, y) AS ap, btwin.lift_agg(p, y) AS lift, btwin.regret_agg(p, p) AS regret, btwin.calibration_agg(p, y) AS calibration
FROM public.prediction WHERE false;
SELECT btwin.log_loss_agg(p, y) AS log_loss, btwin.brier_agg(p, y) AS brier, btwin.auc_agg(p, y) AS auc, btwin.average_precision_agg(p, y) AS ap, btwin.lift_agg(p, y) AS lift, btwin.regret_agg(p, p) AS regret, btwin.calibration_agg(p, y) AS calibration
FROM (VALUES (NULL::float8, NULL::boolean)) v (p, y);
SELECT btwin.ece(c), btwin.ece_noise(c), btwin.evidence_count(c), (SELECT count(*) FROM btwin.bins(c)) AS bins FROM (SELECT btwin.calibration_agg(NULL, true) AS c) q;
SELECT btwin.auc_agg(p, true) AS auc_true, btwin.auc_agg(p, false) AS auc_false, btwin.average_precision_agg(p, true) AS ap_true, btwin.average_precision_agg(p, false) AS ap_false, btwin.lift_agg(p, true) AS lift_true, btwin.lift_agg(p, false) AS lift_false FROM public.prediction;

\echo == groups, filters, windows, distinct, merging
SELECT part, round(btwin.auc_agg(p, y)::numeric, 9) AS auc, round(btwin.brier_agg(p, y) FILTER (WHERE p > 0.9)::numeric, 9) AS brier_high, count(*) FROM public.prediction GROUP BY part ORDER BY part LIMIT 3;
SELECT bool_and(abs(running - again) < 1e-12) AS window_is_prefix FROM (SELECT i, btwin.auc_agg(p, y) OVER w AS running, btwin.average_precision_agg(p, y) OVER w AS ap FROM public.prediction WHERE i <= 200 WINDOW w AS (ORDER BY i)) q,
     LATERAL (SELECT btwin.auc_agg(p, y) AS again FROM public.prediction r WHERE r.i <= q.i) r WHERE i % 20 = 0;
SELECT round(btwin.brier_agg(DISTINCT p, y)::numeric, 9) = (SELECT round(btwin.brier_agg(p, y)::numeric, 9) FROM (SELECT DISTINCT p, y FROM public.prediction) d) AS distinct_rows FROM public.prediction;
SELECT abs(btwin.ece(btwin.rollup(c)) - max(whole)) < 1e-12 AS merged, btwin.evidence_count(btwin.rollup(c)) AS evidence
FROM (SELECT btwin.calibration_agg(p, y) AS c FROM public.prediction GROUP BY part UNION ALL SELECT NULL UNION ALL SELECT btwin.calibration_agg(NULL, true)) q,
     (SELECT btwin.ece(btwin.calibration_agg(p, y)) AS whole FROM public.prediction) w;
-- nothing is lost in long sums: a million tenths against 0.1 * 10^6
SELECT btwin.regret_agg(0.1, 0) = 100000 AS compensated FROM pg_catalog.generate_series(1, 1000000);

\echo == parallel and partitionwise: the plan splits, the answer stays
CREATE TABLE public.many (i int, p float8, y boolean) PARTITION BY HASH (i);
CREATE TABLE public.many0 PARTITION OF public.many FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE public.many1 PARTITION OF public.many FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO public.many SELECT i, (i * 7919::bigint) % 10007 / 10007.0, (i * 31::bigint) % 17 < 5 FROM pg_catalog.generate_series(1, 30000) i;
ANALYZE public.many;
CREATE VIEW public.answers AS
SELECT ARRAY[btwin.auc_agg(p, y), btwin.average_precision_agg(p, y), btwin.lift_agg(p, y), btwin.lift_agg(p, y, 0.3), btwin.lift_agg(p, y, 1), btwin.auc_agg(least(p * 1.1, 1), y), btwin.log_loss_agg(p, y), btwin.brier_agg(p, y), btwin.regret_agg(1, p), btwin.ece(btwin.calibration_agg(p, y)), btwin.ece(btwin.calibration_agg(p, y, 20))] AS a FROM public.many;
SET max_parallel_workers_per_gather = 0;
CREATE TABLE public.serial AS SELECT a FROM public.answers;
CREATE FUNCTION public.same() RETURNS boolean LANGUAGE sql AS $$
SELECT bool_and(pg_catalog.abs(u.a - u.b) <= 1e-12 * pg_catalog.abs(u.b)) FROM public.answers n, public.serial s, ROWS FROM (pg_catalog.unnest(n.a), pg_catalog.unnest(s.a)) u (a, b) $$;
CREATE FUNCTION public.plan_has(query text, words text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE line text; found boolean := false;
BEGIN
    FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP found := found OR line LIKE '%' || words || '%'; END LOOP;
    RETURN found;
END $$;
SET min_parallel_table_scan_size = 0;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET max_parallel_workers_per_gather = 2;
SELECT public.plan_has('SELECT * FROM public.answers', 'Partial Aggregate') AS splits, public.plan_has('SELECT * FROM public.answers', 'Gather') AS parallel, public.same();
SET parallel_leader_participation = off;
SELECT public.same() AS workers_alone, (SELECT btwin.auc_agg(p, y) FILTER (WHERE i < 0) IS NULL AND btwin.brier_agg(p, y) FILTER (WHERE i < 0) IS NULL AND btwin.calibration_agg(p, y) FILTER (WHERE i < 0) IS NULL FROM public.many) AS none;
-- workers that saw rows and not one known prediction send a state without rows
SELECT public.plan_has('SELECT btwin.auc_agg(NULLIF(p, p), y) FROM public.many', 'Gather') AS parallel;
SELECT btwin.auc_agg(NULLIF(p, p), y) AS auc, btwin.lift_agg(NULLIF(p, p), y, 0.3) AS lift, btwin.log_loss_agg(NULLIF(p, p), y) AS log_loss,
       btwin.regret_agg(NULLIF(p, p), 0) AS regret, btwin.ece(btwin.calibration_agg(NULLIF(p, p), y)) AS ece FROM public.many;
SET max_parallel_workers_per_gather = 0;
SET enable_partitionwise_aggregate = on;
SELECT public.plan_has('SELECT * FROM public.answers', 'Partial Aggregate') AS splits, public.same() AS partitionwise;
-- a part in which nothing is known adds nothing, whichever comes first
SELECT btwin.lift_agg(CASE WHEN tableoid = 'public.many0'::regclass THEN p END, y, 0.3) = (SELECT btwin.lift_agg(p, y, 0.3) FROM public.many0) AS first_known,
       btwin.lift_agg(CASE WHEN tableoid = 'public.many1'::regclass THEN p END, y, 0.3) = (SELECT btwin.lift_agg(p, y, 0.3) FROM public.many1) AS second_known FROM public.many;
RESET enable_partitionwise_aggregate;
RESET min_parallel_table_scan_size;
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
RESET parallel_leader_participation;
RESET max_parallel_workers_per_gather;

\echo == the calibration type: text, binary, jsonb
SELECT btwin.calibration_agg(p, y, 2) AS state, btwin.calibration_agg(p, y, 2)::jsonb -> 'bins' -> 0 AS first_bin FROM (VALUES (0.25, true), (0.5, true), (1, false)) v (p, y);
CREATE TABLE public.state AS SELECT part, btwin.calibration_agg(p, y, 1 + part * 100) AS c FROM public.prediction GROUP BY part UNION ALL SELECT -1, btwin.calibration_agg(NULL, true);
SELECT bool_and(c::text::btwin.calibration::text = c::text) AS text_exact, bool_and(btwin.calibration_send(c::text::btwin.calibration) = btwin.calibration_send(c)) AS bytes_exact, max(pg_catalog.length(btwin.calibration_send(c))) AS bytes FROM public.state;
CREATE TABLE public.copied (LIKE public.state);
\copy public.state TO 'results/evaluation_state.bin' (FORMAT binary)
\copy public.copied FROM 'results/evaluation_state.bin' (FORMAT binary)
SELECT count(*) AS same FROM public.state s JOIN public.copied c ON c.part = s.part AND c.c::text = s.c::text;
CREATE FUNCTION public.recv_fault(bytes bytea) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    state text; detail text; path text := pg_catalog.current_setting('data_directory') || '/btwin_evaluation_recv.bin';
BEGIN
    EXECUTE pg_catalog.format('COPY (SELECT 0, %L::bytea) TO %L (FORMAT binary)', bytes, path);
    EXECUTE pg_catalog.format('COPY public.copied FROM %L (FORMAT binary)', path);
    RETURN 'accepted';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, detail = PG_EXCEPTION_DETAIL;
    RETURN pg_catalog.format('%s: %s', state, detail);
END $$;
CREATE TABLE public.good AS SELECT btwin.calibration_send(btwin.calibration_agg(p, y, 2)) AS bytes FROM (VALUES (0.25, true), (0.5, true), (1, false)) v (p, y);
-- byte 0 family, 1 version, 2 and 3 reserved, 4 to 7 bins, 8 to 15 rows of the first bin, 16 to 23 its positives, 24 to 31 its sum of p, 32 to 39 of p (1 - p)
SELECT place, value, public.recv_fault(pg_catalog.set_byte(bytes, place, value)) FROM public.good, (VALUES (0, 7), (1, 2), (2, 1), (3, 1), (4, 127), (6, 4), (7, 3), (7, 1), (8, 255), (15, 9), (16, 255), (23, 2), (24, 191), (24, 64), (32, 191), (32, 127)) v (place, value);
SELECT count(*) AS refused FROM public.good, pg_catalog.generate_series(0, pg_catalog.length(bytes) - 1) n WHERE public.recv_fault(pg_catalog.substr(bytes, 1, n)) ~ '^22P03: ';
SELECT public.recv_fault(bytes || '\x00') AS one_more, public.recv_fault(bytes) AS good FROM public.good;
SELECT public.fault(format('SELECT %L::btwin.calibration', s)) FROM (VALUES
    (''), ('{"family": "bandit", "version": 1, "bins": []}'), ('{"family": "calibration", "version": 2, "bins": []}'), ('{"family": "calibration", "version": 1, "bins": []} x'),
    ('{"family": "calibration", "version": 1, "bins": [{"rows": 0, "positives": 0, "sum": 0, "variance": 0}]}'),
    ('{"family": "calibration", "version": 1, "bins": [{"rows": 1, "positives": 2, "sum": 0.5, "variance": 0.25}]}'),
    ('{"family": "calibration", "version": 1, "bins": [{"rows": 1, "positives": 1, "sum": 1.5, "variance": 0.25}]}'),
    ('{"family": "calibration", "version": 1, "bins": [{"rows": 1, "positives": 1, "sum": 0.5, "variance": 0.75}]}'),
    ('{"family": "calibration", "version": 1, "bins": [{"rows": 1, "positives": 1, "sum": 1.0005, "variance": 0}]}'),
    ('{"family": "calibration", "version": 1, "bins": [{"rows": 1, "positives": 1, "sum": 0.5, "variance": 0.2525}]}'),
    ('{"family": "calibration", "version": 1, "bins": [{"rows": -1, "positives": 0, "sum": 0, "variance": 0}]}'),
    ('{"family": "calibration", "version": 1, "bins": [' || repeat('{"rows": 0, "positives": 0, "sum": 0, "variance": 0}, ', 1000) || '{"rows": 1, "positives": 0, "sum": 1, "variance": 0}]}')) v (s);

\echo == errors
SELECT public.fault(s) FROM (VALUES
    ($$SELECT btwin.log_loss_agg(1.01, true)$$), ($$SELECT btwin.brier_agg(-0.01, true)$$), ($$SELECT btwin.auc_agg('NaN', true)$$), ($$SELECT btwin.average_precision_agg('Infinity', true)$$),
    ($$SELECT btwin.calibration_agg(2, true)$$), ($$SELECT btwin.calibration_agg(0.5, true, 0)$$), ($$SELECT btwin.calibration_agg(0.5, true, 1001)$$), ($$SELECT btwin.calibration_agg(0.5, true, NULL)$$),
    ($$SELECT btwin.calibration_agg(0.5, true, g) FROM generate_series(1, 2) g$$), ($$SELECT btwin.rollup(c) FROM (SELECT btwin.calibration_agg(0.5, true, g) FROM generate_series(1, 2) g GROUP BY g) q (c)$$),
    ($$SELECT btwin.lift_agg(0.5, true, 0)$$), ($$SELECT btwin.lift_agg(0.5, true, 1.1)$$), ($$SELECT btwin.lift_agg(0.5, true, NULL)$$), ($$SELECT btwin.lift_agg(0.5, true, g / 2.0) FROM generate_series(1, 2) g$$),
    ($$SELECT btwin.regret_agg('NaN', 0)$$), ($$SELECT btwin.regret_agg(0, '-Infinity')$$), ($$SELECT btwin.regret_agg(1e308, -1e308)$$)) x(s);

-- a worker whose sum overflows says so itself, before it sends anything
CREATE AGGREGATE public.sent_regret(float8, float8) (SFUNC = btwin.regret_accum, STYPE = internal, FINALFUNC = btwin.score_sum_serialize);
SELECT public.fault('SELECT public.sent_regret(1e308, -1e308)');
DROP AGGREGATE public.sent_regret(float8, float8);

DROP VIEW public.answers;
DROP TABLE public.prediction, public.many, public.serial, public.state, public.copied, public.good;
DROP FUNCTION public.fault, public.same, public.plan_has, public.recv_fault;
