-- The cognitive load family in plain SQL: what load.c and load_math.c compute,
-- set-based, written from doc/load.md. Read by load.sql; usable by itself where C
-- cannot be loaded.
--
-- A history is rows (session, latency_ms, correct, pause_ms, minutes), a session
-- rows (at, latency_ms, correct, pause_ms), both as jsonb lists of objects.
CREATE SCHEMA IF NOT EXISTS btwin_oracle;

-- Minutes at work: intervals of at most ten minutes, and the last latency.
CREATE FUNCTION btwin_oracle.load_minutes(answers jsonb) RETURNS float8
LANGUAGE sql IMMUTABLE AS $$
    WITH a AS (
        SELECT at, latency_ms, lead(at) OVER w AS next_at
        FROM jsonb_to_recordset(answers) AS r(at timestamptz, latency_ms float8, correct boolean, pause_ms float8)
        WHERE at IS NOT NULL AND (latency_ms IS NOT NULL OR correct IS NOT NULL)
        WINDOW w AS (ORDER BY at, latency_ms NULLS FIRST, correct NULLS FIRST, pause_ms NULLS FIRST)
    )
    SELECT sum(least(600000, CASE WHEN next_at IS NOT NULL THEN 1000 * extract(epoch FROM next_at - at)::float8
                                  ELSE coalesce(latency_ms, 0) END)) / 60000
    FROM a
$$;

-- A learner's norms. Latencies enter by the grid: a bin's values lie evenly in it.
CREATE FUNCTION btwin_oracle.load_norms(history jsonb,
    OUT log_latency float8, OUT log_latency_var float8, OUT slowdown float8, OUT spread float8,
    OUT error_rate float8, OUT error_rate_var float8, OUT minutes float8, OUT pause_share float8, OUT pause_share_var float8)
LANGUAGE sql IMMUTABLE AS $$
    WITH row AS (
        SELECT * FROM jsonb_to_recordset(history) AS r(session int, latency_ms float8, correct boolean, pause_ms float8, minutes float8)
        WHERE latency_ms IS NOT NULL OR correct IS NOT NULL
    ), session AS (
        SELECT r.session, max(r.minutes) AS minutes, bool_or(r.pause_ms IS NOT NULL) AS paused FROM row r GROUP BY r.session
    ), binned AS (
        SELECT coalesce(correct::text, 'unknown') AS kind, least(431, floor(16 * log(2, greatest(latency_ms, 1)::numeric)))::int AS bin FROM row WHERE latency_ms IS NOT NULL
        UNION ALL
        SELECT 'length', least(431, floor(16 * log(2, greatest(s.minutes * 60000, 1)::numeric)))::int FROM session s
    ), spread_out AS (
        SELECT kind, (bin + (row_number() OVER w - 0.5) / count(*) OVER w) * ln(2::float8) / 16 AS x
        FROM binned WINDOW w AS (PARTITION BY kind, bin ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)
    ), median AS (
        SELECT kind, count(*) AS n, percentile_cont(0.5) WITHIN GROUP (ORDER BY x) AS median FROM spread_out GROUP BY kind
    ), mad AS (
        SELECT kind, n, median, percentile_cont(0.5) WITHIN GROUP (ORDER BY abs(x - median)) * 1.4826022185056018 AS sd
        FROM spread_out JOIN median USING (kind) GROUP BY kind, n, median
    ), c AS (
        SELECT (SELECT count(*) FROM session)::float8 AS sessions,
               (SELECT count(*) FROM row WHERE correct)::float8 AS rights, (SELECT count(*) FROM row WHERE NOT correct)::float8 AS wrongs,
               coalesce((SELECT n FROM mad WHERE kind = 'true'), 0)::float8 AS nr, coalesce((SELECT median FROM mad WHERE kind = 'true'), 0) AS mr,
               coalesce((SELECT n FROM mad WHERE kind = 'false'), 0)::float8 AS nw, coalesce((SELECT median FROM mad WHERE kind = 'false'), 0) AS mw,
               coalesce((SELECT n FROM mad WHERE kind = 'unknown'), 0)::float8 AS nu, coalesce((SELECT median FROM mad WHERE kind = 'unknown'), 0) AS mu,
               coalesce((SELECT sum((n - 1) * sd * sd) FROM mad WHERE kind <> 'length'), 0) AS ss,
               coalesce((SELECT sum(n - 1) FROM mad WHERE kind <> 'length'), 0)::float8 AS df,
               coalesce((SELECT percentile_cont(2 / 3.0::float8) WITHIN GROUP (ORDER BY x) FROM spread_out WHERE kind = 'length'), 0) AS length,
               coalesce((SELECT sum(floor(least(pause_ms, 86400000) + 0.5)) FROM row WHERE pause_ms IS NOT NULL), 0) + 0.05 * 60 * 60000 AS paused,
               coalesce((SELECT sum(floor(s.minutes * 60000 + 0.5)) FROM session s WHERE s.paused), 0) + 0.95 * 60 * 60000 AS work
    ), d AS (
        SELECT c.*, (wrongs + 3) / (rights + wrongs + 10) AS p, (20 * 0.25 + ss) / (20 + df) AS s2,
               (coalesce(nr * nw / nullif(nr + nw, 0), 0) * (mw - mr) + 10 * ln(1.4::float8)) / (coalesce(nr * nw / nullif(nr + nw, 0), 0) + 10) AS theta
        FROM c
    ), e AS (
        SELECT d.*, 1 / (pi() / 2 * s2 / nullif(nr + nw + nu, 0) + 0.0225 / greatest(sessions, 1)) AS precision,
               (nr * mr + nw * (mw - theta) + nu * (mu - p * theta)) / nullif(nr + nw + nu, 0) AS location
        FROM d
    )
    SELECT coalesce((ln(6000::float8) / 0.64 + location * precision) / (1 / 0.64 + precision), ln(6000::float8)),
           coalesce(1 / (1 / 0.64 + precision), 0.64), theta, sqrt(s2), p,
           p * (1 - p) / (rights + wrongs + 11) + 0.0225 / (sessions + 1),
           exp((5 * ln(45 * 60000::float8) + sessions * length) / (5 + sessions)) / 60000,
           paused / (paused + work), 0.2 * 60000 / (paused + work)
    FROM e
$$;

-- The five factors of a session: deviation, reliability, effect in logits, prior SD of the effect.
CREATE FUNCTION btwin_oracle.load_factors(answers jsonb, history jsonb, session_minutes float8 DEFAULT NULL,
    OUT factor text, OUT raw float8, OUT deviation float8, OUT reliability float8, OUT effect float8, OUT effect_sd float8)
RETURNS SETOF record LANGUAGE sql IMMUTABLE AS $$
    WITH n AS MATERIALIZED (
        SELECT * FROM btwin_oracle.load_norms(history)
    ), a AS MATERIALIZED (
        SELECT r.*, (CASE WHEN correct IS NOT NULL THEN rank() OVER w + (count(*) OVER w_tied - 1) / 2.0 - (count(*) OVER w_all + 1) / 2.0 END / count(*) OVER w_all)::float8 AS x
        FROM jsonb_to_recordset(answers) AS r(at timestamptz, latency_ms float8, correct boolean, pause_ms float8)
        WHERE at IS NOT NULL AND (latency_ms IS NOT NULL OR correct IS NOT NULL)
        WINDOW w AS (PARTITION BY correct IS NOT NULL ORDER BY at), w_tied AS (PARTITION BY correct IS NOT NULL, at), w_all AS (PARTITION BY correct IS NOT NULL)
    ), s AS (
        SELECT count(*)::float8 AS answers, count(latency_ms)::float8 AS latencies, count(correct)::float8 AS known, (count(*) FILTER (WHERE NOT correct))::float8 AS wrong,
               avg(greatest(least((ln(greatest(latency_ms, 1)) - log_latency - CASE WHEN correct THEN 0 WHEN NOT correct THEN slowdown ELSE error_rate * slowdown END) / spread, 2.5), -2.5)) FILTER (WHERE latency_ms IS NOT NULL) AS z,
               sum(floor(least(pause_ms, 86400000) + 0.5)) FILTER (WHERE pause_ms IS NOT NULL) / 60000 AS paused,
               sum(x * x) AS sxx, sum(x) FILTER (WHERE NOT correct) AS sxy,
               coalesce(session_minutes, btwin_oracle.load_minutes(load_factors.answers)) AS minutes
        FROM a, n
    ), f AS (
        SELECT 'RESPONSE_LATENCY' AS factor, exp(spread * z) AS raw, spread * z AS deviation, spread * spread / nullif(latencies, 0) + log_latency_var AS variance, 0.15 AS tau, 10 / ln(1.3::float8) AS points FROM s, n
        UNION ALL
        SELECT 'ERROR_RATE', wrong / nullif(known, 0), wrong / nullif(known, 0) - error_rate, error_rate * (1 - error_rate) / nullif(known, 0) + error_rate_var, 0.15, 40 FROM s, n
        UNION ALL
        SELECT 'ENGAGEMENT_DROP', CASE WHEN paused IS NOT NULL THEN coalesce(paused / nullif(paused + s.minutes, 0), 0) END,
               CASE WHEN paused IS NOT NULL THEN coalesce(paused / nullif(paused + s.minutes, 0), 0) - pause_share END,
               0.2 / nullif(s.minutes, 0) + pause_share_var, 0.1, 40 FROM s, n
        UNION ALL
        SELECT 'PERFORMANCE_DECLINE', coalesce(sxy, 0) / nullif(sxx, 0), coalesce(sxy, 0) / nullif(sxx, 0), (wrong + 10 * error_rate) / (known + 10) * (1 - (wrong + 10 * error_rate) / (known + 10)) / nullif(sxx, 0), 0.15, 15 FROM s, n
        UNION ALL
        SELECT 'DURATION_STRESS', s.minutes, CASE WHEN (s.minutes - n.minutes) / 5 > 40 THEN s.minutes - n.minutes ELSE 5 * ln(1 + exp((s.minutes - n.minutes) / 5)) END,
               225 * 2 / s.answers, 15, 24 / 30.0 FROM s, n
        WHERE s.answers > 0
    )
    SELECT factor, raw, deviation, r, 2 * tanh(points / 22.75 * r * coalesce(deviation, 0) / 2), points / 22.75 * tau
    FROM f, LATERAL (SELECT CASE WHEN deviation IS NULL OR variance IS NULL THEN 0 ELSE tau * tau / (tau * tau + variance) END) AS k(r)
$$;

CREATE FUNCTION btwin_oracle.load_score(answers jsonb, history jsonb, session_minutes float8 DEFAULT NULL,
    OUT value float8, OUT low float8, OUT high float8, OUT confidence float8)
LANGUAGE sql IMMUTABLE AS $$
    SELECT 100 / (1 + exp(-t)), 100 / (1 + exp(-t + 1.959963984540054 * sd)), 100 / (1 + exp(-t - 1.959963984540054 * sd)), confidence
    FROM (SELECT ln(35 / 65.0::float8) + sum(effect) AS t, sqrt(0.35 * 0.35 + sum(effect_sd * effect_sd * (1 - reliability))) AS sd,
                 sum(effect_sd * effect_sd * reliability) / sum(effect_sd * effect_sd) AS confidence, count(*) AS factors
          FROM btwin_oracle.load_factors(answers, history, session_minutes)) s
    WHERE factors = 5
$$;

-- Contributions: the points between 35 and the load, shared in proportion to the effects.
CREATE FUNCTION btwin_oracle.load_contributions(answers jsonb, history jsonb, session_minutes float8 DEFAULT NULL,
    OUT factor text, OUT contribution float8)
RETURNS SETOF record LANGUAGE sql IMMUTABLE AS $$
    WITH f AS (
        SELECT factor, effect, sum(effect) OVER () AS t FROM btwin_oracle.load_factors(answers, history, session_minutes)
    )
    SELECT factor, effect * CASE WHEN abs(t) < 1e-4 THEN 22.75 * (1 + 0.15 * t) ELSE (100 / (1 + exp(-ln(35 / 65.0::float8) - t)) - 35) / t END FROM f
    WHERE (SELECT count(*) FROM f) = 5
$$;
