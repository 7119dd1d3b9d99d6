-- Habits of simulated learners: in which hours, with which content and up to
-- which length their sessions score better, as examples/demo/habits.sql asks.
-- runs on: simulator
--
-- hours, content: a claim per learner and hour (kind of content); it is true
--   when the hour (kind) belongs to the learner's better ones on the last day seen.
-- hours told, content told: only the answer a user is given, the hours of the
--   best window (the best kind), whatever its confidence.
-- session length: a claim per learner, that long sessions score worse at all.
-- Every method says something of every learner with at least 3 scored sessions.
CREATE FUNCTION pg_temp.normal_cdf(z float8) RETURNS float8 LANGUAGE sql IMMUTABLE AS $$
    -- Abramowitz and Stegun 26.2.17, error below 7.5e-8
    SELECT CASE WHEN z >= 0 THEN 1 - tail ELSE tail END
    FROM (SELECT 1 / (1 + 0.2316419 * abs(z)) AS t) AS a,
         LATERAL (SELECT exp(-0.5 * least(abs(z), 38) ^ 2) / sqrt(2 * pi()) * t * (0.319381530 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429)))) AS tail) AS b
$$;

CREATE TEMP TABLE session AS
SELECT s.user_id, s.id, s.started_at, extract(hour FROM local.at)::int AS hour, local.at::date AS day, round(s.duration_ms / 60000)::int AS minutes, s.duration_ms,
       e.content_type AS content, e.score, s.reviews_completed
FROM sim.study_sessions AS s
JOIN sim.learner AS l USING (user_id)
CROSS JOIN LATERAL (SELECT s.started_at AT TIME ZONE l.time_zone AS at) AS local
-- an event may have been sent twice
JOIN (SELECT event_data ->> 'sessionId' AS id, max(content_type) AS content_type, max(session_performance_score) / 100.0 AS score
      FROM sim.behavioral_events WHERE event_type = 'SESSION_ENDED' GROUP BY 1) AS e USING (id);
DELETE FROM session WHERE user_id IN (SELECT user_id FROM session GROUP BY user_id HAVING count(*) < 3);
ANALYZE session;

-- what is true on the last day seen
CREATE TEMP TABLE truth_now AS
SELECT h.user_id, h.kind, h.exists, h.effect, CASE WHEN h.change_day <= last.day - date '2026-01-05' THEN h.new_slot ELSE h.slot END AS slot
FROM truth.habit AS h JOIN (SELECT user_id, max(day) AS day FROM session GROUP BY user_id) AS last USING (user_id);
CREATE TEMP TABLE true_hour AS
SELECT user_id, hour, exists AND (hour - slot + 24) % 24 < 3 AS y FROM truth_now CROSS JOIN generate_series(0, 23) AS hour WHERE kind = 'peak_hours';
CREATE TEMP TABLE true_content AS
SELECT user_id, content, exists AND content = ('{lecture,flashcard,validation,clinical_reasoning}'::text[])[slot + 1] AS y
FROM truth_now CROSS JOIN unnest('{lecture,flashcard,validation,clinical_reasoning}'::text[]) AS content WHERE kind = 'content';

CREATE TEMP TABLE twin AS
SELECT user_id, btwin.pattern_agg(hour, score, day) AS hours, btwin.pattern_agg(content, score, day) AS contents, btwin.pattern_agg(minutes, score, day) AS lengths
FROM session GROUP BY user_id;

-- per hour: method, p; "answer": does it belong to what a user is told
CREATE TEMP TABLE hour_claim (method text, user_id text, hour int, p float8, answer boolean);
INSERT INTO hour_claim
SELECT 'default', user_id, b.bucket::int, b.confidence, false FROM twin, btwin.buckets(hours, 3) AS b
UNION ALL
SELECT 'default', user_id, (w.window_start + i) % 24, w.confidence, true FROM twin, btwin.best_window(hours, 3, min_confidence => 0) AS w, generate_series(0, 2) AS i
WHERE w.window_start IS NOT NULL;
-- a bucket against the rest, every session taken for independent, one-sided
CREATE FUNCTION pg_temp.naive(bucket_column text) RETURNS TABLE (user_id text, bucket text, p float8) LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY EXECUTE format($q$
        SELECT user_id, bucket, coalesce(pg_temp.normal_cdf((s / n - (ws - s) / (whole - n))
                   / nullif(sqrt(greatest(0, ss - s ^ 2 / n + (wss - ss) - (ws - s) ^ 2 / (whole - n)) / (whole - 2) * (1 / n + 1 / (whole - n))), 0)), 0.5)
        FROM (SELECT user_id, %I::text AS bucket, count(*)::float8 AS n, sum(score)::float8 AS s, sum(score ^ 2)::float8 AS ss,
                     (sum(count(*)) OVER w)::float8 AS whole, (sum(sum(score)) OVER w)::float8 AS ws, (sum(sum(score ^ 2)) OVER w)::float8 AS wss
              FROM session GROUP BY 1, 2 WINDOW w AS (PARTITION BY user_id)) AS a
        WHERE whole > n$q$, bucket_column);
END $$;
INSERT INTO hour_claim
SELECT 'naive', user_id, bucket::int, p, false FROM pg_temp.naive('hour')
UNION ALL (SELECT DISTINCT ON (user_id) 'naive', user_id, bucket::int, p, true FROM pg_temp.naive('hour') ORDER BY user_id, p DESC, bucket);
-- the reference: up to three hours, confidence by their number of sessions
CREATE TEMP TABLE epic5_hour AS
SELECT user_id, h.hour_of_day AS hour, h.confidence AS p
FROM (SELECT s.user_id, l.time_zone, array_agg(s.started_at ORDER BY s.started_at) AS at, array_agg(100 * s.score ORDER BY s.started_at)::float8[] AS performance,
             array_agg(coalesce(r.retention, 0) ORDER BY s.started_at) AS retention, array_agg(1.0 ORDER BY s.started_at)::float8[] AS completion,
             array_agg(btwin.epic5_session_engagement(s.reviews_completed, s.duration_ms) ORDER BY s.started_at) AS engagement
      FROM session AS s JOIN sim.learner AS l USING (user_id)
      LEFT JOIN (SELECT session_id AS id, avg(least(1.0, stability_after / 10)) AS retention FROM sim.reviews GROUP BY 1) AS r USING (id)
      GROUP BY 1, 2) AS a, btwin.epic5_optimal_study_time(at, performance, retention, completion, engagement, time_zone) AS h;
INSERT INTO hour_claim SELECT 'epic5', user_id, hour, p, answer FROM epic5_hour CROSS JOIN (VALUES (false), (true)) AS v(answer);

INSERT INTO accuracy.claim (family, product, method, data, seed, learner, p, y)
SELECT 'habits', 'hours', method, 'simulator', :seed, user_id, coalesce(c.p, 0), t.y
FROM true_hour AS t CROSS JOIN (SELECT DISTINCT method FROM hour_claim) AS m LEFT JOIN (SELECT * FROM hour_claim WHERE NOT answer) AS c USING (method, user_id, hour)
UNION ALL
SELECT 'habits', 'hours told', method, 'simulator', :seed, user_id, c.p, t.y FROM hour_claim AS c JOIN true_hour AS t USING (user_id, hour) WHERE answer;

-- bars: the same for every product; power against the ideal observer where it is
INSERT INTO accuracy.bar (family, product, method, data, figure, at_least, at_most, errors, source)
SELECT 'habits', product, 'default', 'simulator', figure, at_least, at_most, errors, 'habits'
FROM (VALUES ('hours'), ('hours told')) AS p(product)
CROSS JOIN (VALUES ('ece', NULL, 0.04, 0), ('true_at_0.9', 0.9, NULL, 2), ('power_of_ideal', 0.75, NULL, 0), ('told_at_0.8', NULL, 0.05, 0)) AS b(figure, at_least, at_most, errors)
WHERE product NOT LIKE '% told' OR figure NOT IN ('power_of_ideal');
