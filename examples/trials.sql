-- Shared by the loaders of answer logs: moves the rows of the temporary table
-- "trial" into the Epic 5 tables of the current search_path.
--
--   trial(learner, item, topic, shown_at, rating, latency_ms)
--
-- rating AGAIN, HARD, GOOD, EASY; NULL for a study trial without an answer.
-- Mapping: a learner's log is one course with one lecture; a topic is a
-- learning objective, an item a card, an answer a review at the moment the
-- question was shown (its answer time would already contain the latency). A
-- session ends with 30 minutes of silence; its duration runs from its first
-- question to its last answer. Stability, difficulty and mastery are not in
-- such logs and stay as the tables' defaults or NULL.

\set QUIET on
ANALYZE trial;
CREATE TEMP TABLE trial_session AS
SELECT *, sum(starts) OVER (PARTITION BY learner ORDER BY shown_at, item) AS session_number
FROM (SELECT t.*,
             CASE WHEN shown_at - lag(shown_at) OVER w <= interval '30 minutes' THEN 0 ELSE 1 END AS starts
      FROM trial t
      WINDOW w AS (PARTITION BY learner ORDER BY shown_at, item)) cut;

ANALYZE trial_session;

INSERT INTO users (id) SELECT DISTINCT learner FROM trial
ON CONFLICT DO NOTHING;
INSERT INTO courses (id, user_id, name)
SELECT DISTINCT learner || ':log', learner, 'answer log' FROM trial
ON CONFLICT DO NOTHING;
INSERT INTO lectures (id, user_id, course_id, title)
SELECT DISTINCT learner || ':log', learner, learner || ':log', 'answer log' FROM trial
ON CONFLICT DO NOTHING;
INSERT INTO learning_objectives (id, lecture_id, objective)
SELECT DISTINCT learner || ':topic:' || topic, learner || ':log', 'topic ' || topic FROM trial
WHERE topic IS NOT NULL
ON CONFLICT DO NOTHING;
INSERT INTO cards (id, course_id, lecture_id, objective_id, front)
SELECT learner || ':item:' || item, learner || ':log', learner || ':log',
       min(learner || ':topic:' || topic), 'item ' || item
FROM trial GROUP BY learner, item
ON CONFLICT DO NOTHING;

INSERT INTO study_sessions (id, user_id, started_at, completed_at, duration_ms, reviews_completed, new_cards_studied)
SELECT learner || ':session:' || session_number, learner, min(shown_at),
       max(shown_at + coalesce(latency_ms, 0) * interval '1 millisecond'),
       round(extract(epoch FROM max(shown_at + coalesce(latency_ms, 0) * interval '1 millisecond') - min(shown_at)) * 1000),
       count(rating), count(*) FILTER (WHERE first_seen)
FROM (SELECT *, row_number() OVER (PARTITION BY learner, item ORDER BY shown_at) = 1 AS first_seen FROM trial_session) t
GROUP BY learner, session_number
ON CONFLICT DO NOTHING;

INSERT INTO reviews (id, user_id, card_id, session_id, rating, time_spent_ms, reviewed_at)
SELECT learner || ':review:' || row_number() OVER (PARTITION BY learner ORDER BY shown_at, item),
       learner, learner || ':item:' || item, learner || ':session:' || session_number,
       rating, latency_ms, shown_at
FROM trial_session WHERE rating IS NOT NULL
ON CONFLICT DO NOTHING;

-- being shown the answer is an event, not a review
INSERT INTO behavioral_events (id, user_id, event_type, event_data, "timestamp", content_type)
SELECT learner || ':study:' || row_number() OVER (PARTITION BY learner ORDER BY shown_at, item),
       learner, 'CARD_REVIEWED',
       jsonb_strip_nulls(jsonb_build_object('sessionId', learner || ':session:' || session_number, 'durationMs', latency_ms, 'study', true)),
       shown_at, 'lecture'
FROM trial_session WHERE rating IS NULL
ON CONFLICT DO NOTHING;

SELECT count(DISTINCT learner) AS learners, count(*) AS trials, count(rating) AS answers,
       min(shown_at)::date AS first_day, max(shown_at)::date AS last_day
FROM trial;
DROP TABLE trial, trial_session;
