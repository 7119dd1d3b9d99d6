-- The burnout family's mathematics in plain SQL: an oracle for the C code, and
-- what a server without the library would run.
CREATE SCHEMA IF NOT EXISTS btwin_oracle;

CREATE TYPE btwin_oracle.burnout_row AS (
    day date, study_ms float8, load float8, retention float8, planned int, skipped int,
    performance float8, in_progress int, rated_low int, untimed int);

-- one row per day: what btwin.days() tells, and how many rows knew each mean
CREATE FUNCTION btwin_oracle.burnout_days(input btwin_oracle.burnout_row[])
RETURNS TABLE (day date, study_ms float8, load float8, load_rows bigint, retention float8, retention_rows bigint,
    performance float8, performance_rows bigint, planned bigint, skipped bigint, in_progress bigint, rated_low bigint, untimed bigint)
LANGUAGE sql IMMUTABLE AS $$
    SELECT r.day, sum(r.study_ms), avg(r.load), count(r.load), avg(r.retention), count(r.retention),
           avg(r.performance), count(r.performance), sum(r.planned), sum(r.skipped), sum(r.in_progress), sum(r.rated_low), sum(r.untimed)
    FROM unnest(input) r
    WHERE r.day IS NOT NULL
      AND num_nonnulls(r.study_ms, r.load, r.retention, r.planned, r.skipped, r.performance, r.in_progress, r.rated_low, r.untimed) > 0
    GROUP BY r.day
$$;

-- 3u^2 - 2u^3 between from_value and full_value
CREATE FUNCTION btwin_oracle.step(x float8, from_value float8, full_value float8) RETURNS float8
LANGUAGE sql IMMUTABLE STRICT AS $$
    SELECT u * u * (3 - 2 * u) FROM (SELECT greatest(0, least(1, (x - from_value) / (full_value - from_value)))) v(u)
$$;

-- the normal distribution by Simpson's rule, 2000 intervals
CREATE FUNCTION btwin_oracle.normal_cdf(z float8) RETURNS float8
LANGUAGE sql IMMUTABLE AS $$
    SELECT 0.5 + z / 2000 / 3 * sum(CASE WHEN i IN (0, 2000) THEN 1 WHEN i % 2 = 1 THEN 4 ELSE 2 END
                                    * exp(-((z * i / 2000) ^ 2) / 2)) / sqrt(2 * pi())
    FROM generate_series(0, 2000) i
$$;

-- Shifts of every quantity on every day of from_day .. until_day:
-- load, performance, retention, skipped, disengaged, hours.
CREATE FUNCTION btwin_oracle.burnout_shifts(input btwin_oracle.burnout_row[], from_day date, until_day date)
RETURNS TABLE (as_of date, quantity text, value float8, normal float8, shift float8, sd float8, reliability float8)
LANGUAGE sql IMMUTABLE AS $$
    WITH day AS MATERIALIZED (
        SELECT d.*, coalesce(d.study_ms, 0) / 3600000 AS hours,
               coalesce(d.study_ms, 0) > 0 OR load_rows + retention_rows + performance_rows > 0 OR coalesce(untimed, 0) > 0 AS studied
        FROM btwin_oracle.burnout_days(input) d WHERE d.day <= until_day
    ), calendar AS MATERIALIZED (
        -- a day without rows is a day without study
        SELECT c::date AS day, d.load, d.load_rows, d.performance, d.performance_rows, d.retention, d.retention_rows,
               CASE WHEN d.planned IS NOT NULL AND d.skipped IS NOT NULL THEN d.planned ELSE 0 END AS planned,
               d.skipped, coalesce(d.in_progress, 0) AS in_progress, coalesce(d.rated_low, 0) AS rated_low,
               coalesce(d.hours, 0) AS hours, coalesce(d.studied, false) AS studied,
               d.day IS NULL OR NOT d.studied OR coalesce(d.study_ms, 0) > 0 OR (d.study_ms IS NOT NULL AND coalesce(d.untimed, 0) = 0) AS timed
        FROM generate_series(greatest((SELECT min(day) FROM day), from_day - 69)::timestamp, until_day::timestamp, '1 day') c
        LEFT JOIN day d ON d.day = c::date
    ), seen AS MATERIALIZED (
        -- value, and the one on the day asked for, where a mission still open is not late
        SELECT day, 'load' AS quantity, load AS x, load AS x0, 2.0::float8 * load_rows / (load_rows + 1) AS w FROM calendar WHERE load_rows > 0
        UNION ALL SELECT day, 'performance', performance, performance, 2.0::float8 * performance_rows / (performance_rows + 1) FROM calendar WHERE performance_rows > 0
        UNION ALL SELECT day, 'retention', retention, retention, 2.0::float8 * retention_rows / (retention_rows + 1) FROM calendar WHERE retention_rows > 0
        UNION ALL SELECT day, 'skipped', least(1, skipped::float8 / planned), least(1, skipped::float8 / planned), planned FROM calendar WHERE planned > 0
        UNION ALL SELECT day, 'disengaged', least(1, (skipped + rated_low + in_progress)::float8 / planned),
                         least(1, (skipped + rated_low)::float8 / planned), planned FROM calendar WHERE planned > 0
        UNION ALL SELECT day, 'hours', hours, hours, 1 FROM calendar WHERE timed
    ), ask AS (
        SELECT a::date AS as_of FROM generate_series(from_day::timestamp, until_day::timestamp, '1 day') a
    ), near AS MATERIALIZED (
        SELECT a.as_of, s.quantity, a.as_of - s.day AS age, CASE WHEN a.as_of = s.day THEN s.x0 ELSE s.x END AS x, s.w
        FROM ask a JOIN seen s ON s.day BETWEEN a.as_of - 69 AND a.as_of
    ), mean AS (
        SELECT n.as_of, n.quantity, coalesce(sum(w) FILTER (WHERE age >= 14), 0) AS n,
               coalesce(sum(w * x) FILTER (WHERE age >= 14) / sum(w) FILTER (WHERE age >= 14), 0) AS base,
               sum(w * x) FILTER (WHERE age < 14) / sum(w) FILTER (WHERE age < 14) AS recent, sum(w) AS total
        FROM near n GROUP BY n.as_of, n.quantity
    ), spread AS MATERIALIZED (
        SELECT m.as_of, m.quantity, m.n, m.base, m.total,
               sum(w * (x - CASE WHEN age >= 14 THEN base ELSE recent END) ^ 2) AS ss,
               CASE m.quantity
                   WHEN 'load' THEN least(50, (2 * 40 + m.n * m.base) / (2 + m.n))
                   WHEN 'skipped' THEN least(0.20, (20 * 0.10 + m.n * m.base) / (20 + m.n))
                   WHEN 'disengaged' THEN least(0.25, (20 * 0.15 + m.n * m.base) / (20 + m.n))
                   WHEN 'hours' THEN least(20.0 / 7, exp((3 * ln(20.0::float8 / 7) + m.n * ln(greatest(m.base, 1.0 / 7))) / (3 + m.n)))
                   ELSE m.base END AS normal
        FROM mean m JOIN near n USING (as_of, quantity)
        GROUP BY m.as_of, m.quantity, m.n, m.base, m.total
    ), recent AS (
        SELECT s.as_of, s.quantity, sum(k * w) AS sw, sum(k * k * w) / (1 - (min(age) / 14.0::float8) ^ 2) AS sww,
               sum(k * w * x) AS swx0,
               sum(k * w * CASE s.quantity WHEN 'load' THEN greatest(normal - 20, least(normal + 20, x))
                                           WHEN 'hours' THEN least(5 * normal, x) ELSE x END) AS swx
        FROM spread s JOIN near n USING (as_of, quantity),
             LATERAL (SELECT 2 ^ (-age / CASE s.quantity WHEN 'load' THEN 3.0::float8 ELSE 5 END)) recency(k)
        WHERE age < 14
        GROUP BY s.as_of, s.quantity
    ), observed AS (
        SELECT s.as_of, s.quantity, swx0 / sw AS value, swx / sw AS held, normal,
               CASE s.quantity
                   WHEN 'load' THEN (5 * 144 + ss) / (5 + total) * (sww / sw ^ 2 + 1 / (n + 2))
                   WHEN 'skipped' THEN normal * (1 - normal) * (sww / sw ^ 2 + 1 / (n + 20))
                   WHEN 'disengaged' THEN normal * (1 - normal) * (sww / sw ^ 2 + 1 / (n + 20))
                   WHEN 'hours' THEN (10 * 1.8 + ss / normal ^ 2) / (10 + total) * (sww / sw ^ 2 + 1 / (n + 3))
                   ELSE (10 * 0.17 ^ 2 + ss) / (10 + total) * (sww / sw ^ 2 + 1 / nullif(n, 0)) END AS se2,
               CASE s.quantity WHEN 'load' THEN 15 WHEN 'hours' THEN 0.30 WHEN 'skipped' THEN 0.15 WHEN 'disengaged' THEN 0.15 ELSE 0.03 END::float8 AS prior
        FROM spread s JOIN recent USING (as_of, quantity)
    )
    SELECT o.as_of, o.quantity, o.value, o.normal,
           prior ^ 2 / (prior ^ 2 + se2) * CASE WHEN o.quantity = 'hours' THEN (o.held - o.normal) / o.normal
                                                WHEN o.quantity IN ('performance', 'retention') THEN o.normal - o.held
                                                ELSE o.held - o.normal END,
           prior * sqrt(1 - prior ^ 2 / (prior ^ 2 + se2)), prior ^ 2 / (prior ^ 2 + se2)
    FROM observed o
    WHERE o.se2 IS NOT NULL
      -- days without study are known only where study is timed at all
      AND (o.quantity <> 'hours' OR EXISTS (SELECT FROM calendar c WHERE c.timed AND c.studied AND c.day BETWEEN o.as_of - 69 AND o.as_of))
$$;

-- The factors of every day; numbered in the order of the domain model.
CREATE FUNCTION btwin_oracle.burnout_factors(input btwin_oracle.burnout_row[], from_day date, until_day date)
RETURNS TABLE (as_of date, factor int, value float8, normal float8, score float8, up float8, down float8, reliability float8, nominal float8)
LANGUAGE sql IMMUTABLE AS $$
    WITH shift AS MATERIALIZED (
        SELECT * FROM btwin_oracle.burnout_shifts(input, from_day, until_day)
    ), day AS MATERIALIZED (
        SELECT d.*, coalesce(d.study_ms, 0) > 0 OR load_rows + retention_rows + performance_rows > 0 OR coalesce(untimed, 0) > 0 AS studied
        FROM btwin_oracle.burnout_days(input) d
    ), ask AS (
        SELECT a::date AS as_of FROM generate_series(greatest(from_day, (SELECT min(day) FROM day))::timestamp, until_day::timestamp, '1 day') a
        WHERE EXISTS (SELECT FROM day WHERE day.day BETWEEN a::date - 13 AND a::date)
    ), rule(part, factor, quantity, sign, from_value, full_value, prior) AS (
        VALUES ('intensity', 1, 'hours', 1, 0.2::float8, 0.8::float8, 0.30::float8), ('load', 3, 'load', 1, 0, 16, 15),
               ('irregularity', 4, 'skipped', 1, 0, 0.25, 0.15), ('missions', 5, 'disengaged', 1, 0, 0.35, 0.15),
               ('study', 5, 'hours', -1, 0.1, 0.8, 0.30), ('decline', 2, 'worst', 1, 0, 0.10, 0.03)
    ), worst AS (
        SELECT DISTINCT ON (s.as_of) s.as_of, s.value, s.normal, s.shift, s.sd, s.reliability
        FROM shift s WHERE quantity IN ('performance', 'retention') ORDER BY s.as_of, s.shift DESC, quantity
    ), known AS (
        SELECT as_of, quantity, value, normal, shift, sd, reliability FROM shift
        UNION ALL SELECT as_of, 'worst', value, normal, shift, sd, reliability FROM worst
    ), part AS MATERIALIZED (
        SELECT a.as_of, r.part, r.factor, k.quantity IS NOT NULL AS known, k.value, k.normal, coalesce(k.reliability, 0) AS reliability,
               100 * coalesce(btwin_oracle.step(sign * k.shift, from_value, full_value), 0) AS score,
               100 * btwin_oracle.step(coalesce(sign * k.shift + 1.959963984540054 * k.sd, 1.959963984540054 * prior), from_value, full_value) AS top,
               100 * coalesce(btwin_oracle.step(sign * k.shift - 1.959963984540054 * k.sd, from_value, full_value), 0) AS bottom
        FROM ask a CROSS JOIN rule r LEFT JOIN known k ON k.as_of = a.as_of AND k.quantity = r.quantity
    ), simple AS (
        SELECT as_of, factor, known, CASE factor WHEN 1 THEN 7 ELSE 1 END * value AS value, CASE factor WHEN 1 THEN 7 ELSE 1 END * normal AS normal,
               score, top - score AS up, score - bottom AS down, reliability
        FROM part WHERE factor <> 5
    ), half AS (
        SELECT *, CASE WHEN known THEN 0.5 * (2 - 0.5 * count(*) FILTER (WHERE known) OVER (PARTITION BY as_of)) ELSE 0.5 END AS w
        FROM part WHERE factor = 5
    ), engagement AS (
        SELECT as_of, 5 AS factor, bool_or(known) AS known,
               coalesce(max(value) FILTER (WHERE part = 'missions'),
                        max(greatest(0, least(1, 1 - value / normal))) FILTER (WHERE part = 'study')) AS value,
               coalesce(max(normal) FILTER (WHERE part = 'missions'), max(0) FILTER (WHERE part = 'study' AND known)) AS normal,
               sum(w * score) AS score, sqrt(sum((w * (top - score)) ^ 2)) AS up, sqrt(sum((w * (score - bottom)) ^ 2)) AS down,
               sum(0.5 * reliability) AS reliability
        FROM half GROUP BY as_of
    ), week AS (
        SELECT a.as_of, count(*) AS days, count(*) FILTER (WHERE d.studied IS NOT TRUE OR d.load_rows > 0) AS certain,
               sum(CASE WHEN d.studied IS NOT TRUE THEN 1 WHEN d.load_rows = 0 THEN 0
                        ELSE greatest(0, least(1, (50 - d.load) / 20)) END)::float8 AS rest
        FROM ask a CROSS JOIN generate_series(0, 6) age LEFT JOIN day d ON d.day = a.as_of - age
        WHERE a.as_of - age >= (SELECT min(day) FROM day)
        GROUP BY a.as_of
    ), recovery AS (
        SELECT as_of, 6 AS factor, true AS known, rest AS value, 3::float8 AS normal, full_score * days / 7 AS score,
               full_score - full_score * days / 7 AS up,
               full_score * days / 7 - least(full_score * days / 7, 100 * btwin_oracle.step(3 - rest - (7 - certain), 0, 3)) AS down,
               certain / 7.0::float8 AS reliability
        FROM week, LATERAL (SELECT 100 * btwin_oracle.step(3 - rest, 0, 3)) s(full_score)
    )
    SELECT as_of, factor, CASE WHEN known THEN value END, CASE WHEN known THEN normal END, CASE WHEN known THEN score END,
           least(up, 100 - score), least(down, score), reliability, ('{0.20,0.25,0.25,0.15,0.10,0.05}'::float8[])[factor]
    FROM (SELECT * FROM simple UNION ALL SELECT * FROM engagement UNION ALL SELECT * FROM recovery) f
$$;

-- The risk of every day, level included: the level of each day is replayed
-- over the 56 days before it.
CREATE FUNCTION btwin_oracle.burnout_risk(input btwin_oracle.burnout_row[], from_day date, until_day date)
RETURNS TABLE (as_of date, score float8, low float8, high float8, level text, confidence float8, evidence_days bigint, reason text)
LANGUAGE sql IMMUTABLE AS $$
    WITH RECURSIVE factor AS MATERIALIZED (
        SELECT * FROM btwin_oracle.burnout_factors(input, from_day - 56, until_day)
    ), weight AS (
        SELECT f.*, sum(nominal) FILTER (WHERE f.score IS NOT NULL) OVER (PARTITION BY f.as_of) AS k FROM factor f
    ), total AS (
        SELECT w.as_of, min(k) AS k, sum(CASE WHEN w.score IS NOT NULL THEN nominal * (2 - k) * w.score ELSE 0 END) AS score,
               sqrt(sum((CASE WHEN w.score IS NOT NULL THEN nominal * (2 - k) ELSE nominal END * up) ^ 2)) AS up,
               sqrt(sum((CASE WHEN w.score IS NOT NULL THEN nominal * (2 - k) ELSE nominal END * down) ^ 2)) AS down,
               sum(nominal * reliability) AS confidence
        FROM weight w GROUP BY w.as_of
    ), day AS MATERIALIZED (
        SELECT d.day FROM btwin_oracle.burnout_days(input) d
    ), calendar AS MATERIALIZED (
        SELECT c::date AS as_of, t.k, t.confidence, t.up, t.down,
               CASE WHEN t.k > 0.06 THEN t.score END AS score, -- more than rest is known
               (SELECT count(*) FROM day WHERE day.day BETWEEN c::date - 13 AND c::date) AS evidence_days
        FROM generate_series(greatest(from_day - 56, (SELECT min(day) FROM day))::timestamp, until_day::timestamp, '1 day') c
        LEFT JOIN total t ON t.as_of = c::date
        WHERE EXISTS (SELECT FROM day)
    ), replay AS (
        -- per day asked for, from its oldest day on
        SELECT a.as_of AS asked, greatest(a.as_of - 56, (SELECT min(as_of) FROM calendar)) - 1 AS at, 0 AS level
        FROM calendar a WHERE a.as_of >= from_day
        UNION ALL
        SELECT r.asked, c.as_of,
               CASE WHEN c.score IS NULL THEN r.level
                    ELSE least(width_bucket(c.evidence_days, '{3,5,7}'::bigint[]),
                               greatest(width_bucket(c.score + 1e-9, '{25,50,75}'::float8[]),
                                        least(r.level, width_bucket(c.score + 5 + 1e-9, '{25,50,75}'::float8[])))) END
        FROM replay r JOIN calendar c ON c.as_of = r.at + 1
        WHERE r.at < r.asked
    )
    SELECT c.as_of, c.score, CASE WHEN c.score IS NOT NULL THEN greatest(0, c.score - c.down) END,
           CASE WHEN c.score IS NOT NULL THEN least(100, c.score + c.up) END,
           CASE WHEN c.score IS NOT NULL THEN ('{LOW,MEDIUM,HIGH,CRITICAL}'::text[])[r.level + 1] END,
           CASE WHEN c.score IS NOT NULL THEN c.confidence END, c.evidence_days,
           CASE WHEN c.evidence_days = 0 THEN 'no_rows' WHEN c.score IS NULL THEN 'insufficient_data' END
    FROM calendar c JOIN replay r ON r.asked = c.as_of AND r.at = c.as_of
    WHERE c.as_of >= from_day
$$;

-- What a day's signals say: severity 0 none, 1 MEDIUM, 2 HIGH.
CREATE FUNCTION btwin_oracle.burnout_signals(input btwin_oracle.burnout_row[], from_day date, until_day date)
RETURNS TABLE (as_of date, type text, severity int, value float8, confidence float8)
LANGUAGE sql IMMUTABLE AS $$
    WITH shift AS MATERIALIZED (
        SELECT * FROM btwin_oracle.burnout_shifts(input, from_day, until_day)
    ), candidate AS (
        SELECT as_of, 'CHRONIC_OVERLOAD' AS type, value, (shift - 10) / sd AS z FROM shift WHERE quantity = 'load'
        UNION ALL
        (SELECT DISTINCT ON (as_of) as_of, 'PERFORMANCE_DROP', normal - value, (shift - 0.05) / sd FROM shift
         WHERE quantity IN ('performance', 'retention') ORDER BY as_of, shift DESC, quantity)
        UNION ALL
        SELECT as_of, 'ENGAGEMENT_LOSS', value, (shift - 0.10) / sd FROM shift WHERE quantity = 'disengaged'
        UNION ALL
        SELECT as_of, 'ENGAGEMENT_LOSS', greatest(0, least(1, 1 - value / normal)), (-shift - 0.25) / sd FROM shift s
        WHERE quantity = 'hours' AND NOT EXISTS (SELECT FROM shift m WHERE m.as_of = s.as_of AND m.quantity = 'disengaged')
        UNION ALL
        SELECT as_of, 'IRREGULAR_PATTERN', value, (shift - 0.10) / sd FROM shift WHERE quantity = 'skipped'
    )
    -- 0.8416... and 1.6448... are the normal quantiles of 0.80 and 0.95
    SELECT as_of, type, (z >= 0.8416212335729143)::int + (z >= 1.6448536269514722)::int, value, btwin_oracle.normal_cdf(z)
    FROM candidate WHERE z >= 0.8416212335729143
    UNION ALL
    SELECT f.as_of, 'NO_RECOVERY', 1 + (f.value < 0.5)::int, f.value, f.reliability
    FROM btwin_oracle.burnout_factors(input, from_day, until_day) f
    WHERE f.factor = 6 AND f.value < 1
      AND f.as_of - 6 >= (SELECT min(d.day) FROM btwin_oracle.burnout_days(input) d)
$$;
