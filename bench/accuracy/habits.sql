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


-- per kind of content; the reference names one kind, by time spent with it
CREATE TEMP TABLE content_claim (method text, user_id text, content text, p float8, answer boolean);
INSERT INTO content_claim
SELECT 'default', user_id, b.bucket, b.confidence, false FROM twin, btwin.buckets(contents) AS b
UNION ALL SELECT 'default', user_id, b.bucket, b.confidence, true FROM twin, btwin.best_bucket(contents, 0) AS b WHERE b.bucket IS NOT NULL
UNION ALL SELECT 'naive', user_id, bucket, p, false FROM pg_temp.naive('content')
UNION ALL (SELECT DISTINCT ON (user_id) 'naive', user_id, bucket, p, true FROM pg_temp.naive('content') ORDER BY user_id, p DESC, bucket COLLATE "C");
INSERT INTO content_claim
SELECT 'epic5', user_id, kind, btwin.epic5_content_confidence(share), answer
FROM (SELECT DISTINCT ON (user_id) user_id, kind, share
      FROM (SELECT user_id, array_agg(content) AS kinds, array_agg(duration_ms) AS ms, array_agg(reviews_completed::bigint) AS reviews, array_agg(0::bigint) AS validations FROM session GROUP BY user_id) AS a,
           btwin.epic5_content_preference(kinds, ms, ms, reviews, validations) AS c,
           LATERAL (VALUES ('lecture', c.lectures), ('flashcard', c.flashcards), ('validation', c.validation), ('clinical_reasoning', c.clinical_reasoning)) AS v(kind, share)
      ORDER BY user_id, share DESC) AS best CROSS JOIN (VALUES (false), (true)) AS v(answer)
WHERE btwin.epic5_content_confidence(share) IS NOT NULL;

-- per learner: do long sessions score worse, and from where on
CREATE TEMP TABLE length_claim (method text, user_id text, p float8);
CREATE TEMP TABLE limit_found AS SELECT user_id, f.* FROM twin, btwin.best_limit(lengths, 0) AS f;
INSERT INTO length_claim
SELECT 'default', user_id, confidence FROM limit_found
-- a falling line through all sessions, one-sided
UNION ALL SELECT 'naive', user_id, coalesce(pg_temp.normal_cdf(-r * sqrt((n - 2) / nullif(1 - r * r, 0))), 0.5)
FROM (SELECT user_id, corr(score, minutes) AS r, count(*)::float8 AS n FROM session GROUP BY user_id) AS c
UNION ALL SELECT 'epic5', user_id, d.confidence
FROM (SELECT user_id, array_agg(duration_ms) AS ms, array_agg(score)::float8[] AS good, array_agg(1::bigint) AS done, array_agg(NULL::float8) AS fatigue FROM session GROUP BY user_id) AS a,
     btwin.epic5_session_duration(ms, good, done, done, fatigue) AS d;

-- the ideal observer, and one who is told of all but the habit in question (habits_ideal.c)
CREATE TEMP VIEW ideal_input AS
WITH moved AS (
    SELECT s.*, d.at, h.kind,
           CASE WHEN NOT h.exists THEN 0
                WHEN h.kind = 'peak_hours' THEN CASE WHEN (s.hour - slot.now + 24) % 24 < 3 THEN h.effect ELSE 0 END
                WHEN h.kind = 'content' THEN CASE WHEN s.content = ('{lecture,flashcard,validation,clinical_reasoning}'::text[])[slot.now + 1] THEN h.effect ELSE 0 END
                ELSE -h.effect * greatest(0, s.duration_ms / 60000 - slot.now) / 10 END AS adds
    FROM session AS s CROSS JOIN LATERAL (SELECT s.day - date '2026-01-05' AS at) AS d
    JOIN truth.habit AS h USING (user_id) CROSS JOIN LATERAL (SELECT CASE WHEN h.change_day <= d.at THEN h.new_slot ELSE h.slot END AS now) AS slot
)
SELECT user_id, at, hour, array_position('{lecture,flashcard,validation,clinical_reasoning}', content) - 1 AS content, duration_ms / 60000 AS minutes, round(100 * score)::int AS score,
       sum(adds) FILTER (WHERE kind <> 'peak_hours') + episode AS for_hours, sum(adds) FILTER (WHERE kind <> 'content') + episode AS for_content,
       sum(adds) FILTER (WHERE kind <> 'session_length') + episode AS for_length
FROM moved JOIN (SELECT user_id, episode_start, episode_days FROM truth.learner) AS l USING (user_id)
CROSS JOIN LATERAL (SELECT CASE WHEN at >= episode_start AND at < episode_start + episode_days THEN -0.15 * (at - episode_start + 0.5) / episode_days ELSE 0 END AS episode) AS e
GROUP BY user_id, id, at, hour, content, duration_ms, score, episode
ORDER BY user_id, at;
CREATE TEMP TABLE ideal_claim (user_id text, method text, product text, bucket text, p float8);
\setenv BIN :bin
\setenv FOLDER :folder
\setenv DAYS :days
\copy (SELECT * FROM ideal_input) TO PROGRAM 'cat > "$FOLDER/ideal.in"'
\copy ideal_claim FROM PROGRAM '"$BIN/habits_ideal" "$DAYS" < "$FOLDER/ideal.in"'
INSERT INTO hour_claim
SELECT method, user_id, bucket::int, p, false FROM ideal_claim WHERE product = 'hours'
UNION ALL SELECT method, user_id, (start + i) % 24, mean, true
FROM (SELECT DISTINCT ON (method, user_id) method, user_id, a.bucket::int AS start, avg(b.p) AS mean FROM ideal_claim AS a JOIN ideal_claim AS b USING (method, user_id, product)
      WHERE product = 'hours' AND (b.bucket::int - a.bucket::int + 24) % 24 < 3 GROUP BY 1, 2, 3 ORDER BY method, user_id, avg(b.p) DESC, start) AS best, generate_series(0, 2) AS i;
INSERT INTO content_claim
SELECT method, user_id, bucket, p, false FROM ideal_claim WHERE product = 'content'
UNION ALL (SELECT DISTINCT ON (method, user_id) method, user_id, bucket, p, true FROM ideal_claim WHERE product = 'content' ORDER BY method, user_id, p DESC);
INSERT INTO length_claim SELECT method, user_id, p FROM ideal_claim WHERE product = 'session length';

-- who says nothing of a bucket has claimed nothing of it
INSERT INTO accuracy.claim (family, product, method, data, seed, learner, p, y)
SELECT 'habits', 'hours', method, 'simulator', :seed, user_id, coalesce(c.p, 0), t.y
FROM true_hour AS t CROSS JOIN (SELECT DISTINCT method FROM hour_claim) AS m LEFT JOIN (SELECT * FROM hour_claim WHERE NOT answer) AS c USING (method, user_id, hour)
UNION ALL SELECT 'habits', 'hours told', method, 'simulator', :seed, user_id, c.p, t.y FROM hour_claim AS c JOIN true_hour AS t USING (user_id, hour) WHERE answer
UNION ALL SELECT 'habits', 'content', method, 'simulator', :seed, user_id, coalesce(c.p, 0), t.y
FROM true_content AS t CROSS JOIN (SELECT DISTINCT method FROM content_claim) AS m LEFT JOIN (SELECT * FROM content_claim WHERE NOT answer) AS c USING (method, user_id, content)
UNION ALL SELECT 'habits', 'content told', method, 'simulator', :seed, user_id, c.p, t.y FROM content_claim AS c JOIN true_content AS t USING (user_id, content) WHERE answer
UNION ALL SELECT 'habits', 'session length', method, 'simulator', :seed, user_id, coalesce(c.p, 0), t.exists FROM truth_now AS t JOIN length_claim AS c USING (user_id) WHERE t.kind = 'session_length';

-- of limits claimed at 0.9 that exist: is the optimum in the interval, and how far off
INSERT INTO accuracy.figure (family, product, method, data, seed, learner, figure, value, summary)
SELECT 'habits', 'session length', 'default', 'simulator', :seed, user_id, v.*
FROM truth_now AS t JOIN limit_found AS f USING (user_id)
CROSS JOIN LATERAL (VALUES ('interval_covers', (t.slot BETWEEN limit_low AND limit_high)::int::float8, 'mean'), ('minutes_off', abs(t.slot - limit_at), 'median')) AS v
WHERE t.kind = 'session_length' AND t.exists AND f.confidence >= 0.9;

-- What must hold; of the ideal observer too, or it is no yardstick. Power and
-- learners told are counted over all buckets, not over one answer each.
INSERT INTO accuracy.bar (family, product, method, data, figure, at_least, at_most, errors, source)
SELECT 'habits', product, method, 'simulator', figure, at_least, at_most, errors, source
FROM (VALUES ('hours'), ('hours told'), ('content'), ('content told'), ('session length')) AS p(product)
CROSS JOIN (VALUES ('default', 'ece', NULL::float8, 0.04::float8, 0, 'stated confidence is calibrated'), ('default', 'true_at_0.9', 0.9, NULL, 2, 'claims at 0.9 are true'),
                   ('default', 'power_of_ideal', 0.75, NULL, 0, 'what can be known is found'), ('default', 'told_at_0.8', NULL, 0.05, 0, 'no habit: not told of one'),
                   ('ideal', 'ece', NULL, 0.02, 0, 'the yardstick is calibrated')) AS b(method, figure, at_least, at_most, errors, source)
WHERE product NOT LIKE '% told' OR figure <> 'power_of_ideal'
UNION ALL SELECT 'habits', 'session length', 'default', 'simulator', 'interval_covers', 0.9, NULL, 2, 'the limit''s 95 % interval';
