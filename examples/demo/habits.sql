-- Which habits does a learner really have?
--   psql -v learner=ID -v as_of=MOMENT -f habits.sql
-- The score of a session is what SESSION_ENDED reported; where no session of the
-- learner has one, the share of answers that were right. A habit is a group of
-- sessions that score better than the learner's other sessions: hours of the
-- learner's own clock, kinds of content, sessions short of a limit. "no habit"
-- is an answer. What the data cannot tell is said and not guessed: times that
-- are all midnight UTC are days, not times.
WITH zone AS MATERIALIZED (
    SELECT btwin.learner_time_zone(:'learner') AS name
), reported AS (
    -- an event may have been sent twice
    SELECT e.event_data ->> 'sessionId' AS session_id, max(e.content_type) AS content_type,
           max(e.session_performance_score) / 100.0 AS score
    FROM btwin.behavioral_events_window(:'learner', '-infinity', :'as_of') AS e
    WHERE e.event_type = 'SESSION_ENDED'
    GROUP BY 1
), answered AS (
    SELECT r.session_id, avg((r.rating <> 'AGAIN')::int) AS score
    FROM btwin.reviews_window(:'learner', '-infinity', :'as_of') AS r
    GROUP BY 1
), session AS (
    SELECT s.started_at, s.started_at AT TIME ZONE zone.name AS local_start,
           round(s.duration_ms / 60000.0)::int AS minutes, reported.content_type,
           CASE WHEN bool_or(reported.score IS NOT NULL) OVER () THEN reported.score ELSE answered.score END::float8 AS score
    FROM btwin.study_sessions_window(:'learner', '-infinity', :'as_of') AS s
    CROSS JOIN zone
    LEFT JOIN reported ON reported.session_id = s.id
    LEFT JOIN answered ON answered.session_id = s.id
), twin AS MATERIALIZED (
    SELECT btwin.pattern_agg(extract(hour FROM local_start)::int, score, local_start::date) AS hours,
           btwin.pattern_agg(content_type, score, local_start::date) AS contents,
           btwin.pattern_agg(minutes, score, local_start::date) AS lengths,
           CASE WHEN count(*) = 0 THEN 'no sessions'
                WHEN bool_and(started_at = date_trunc('day', started_at, 'UTC')) THEN 'no clock time' END AS no_hours,
           CASE WHEN count(*) = 0 THEN 'no sessions' WHEN count(content_type) = 0 THEN 'no content types' END AS no_contents,
           CASE WHEN count(*) = 0 THEN 'no sessions' WHEN count(minutes) = 0 THEN 'no durations' END AS no_lengths,
           CASE WHEN count(score) = 0 THEN 'no scores' END AS no_scores,
           count(score) AS scored, count(DISTINCT local_start::date) FILTER (WHERE score IS NOT NULL) AS days
    FROM session
), answer AS (
    SELECT 1 AS place, 'best hours' AS habit, coalesce(twin.no_hours, twin.no_scores, h.reason) AS reason,
           to_char(h.window_start, 'FM00') || ':00 to ' || to_char(h.window_end % 24, 'FM00') || ':00' AS finding,
           h.confidence, h.shrunk_effect AS effect, h.effect_low, h.effect_high, 100 AS points
    FROM twin LEFT JOIN LATERAL btwin.best_window(twin.hours, 3) AS h ON twin.no_hours IS NULL
    UNION ALL
    SELECT 2, 'best content', coalesce(twin.no_contents, twin.no_scores, c.reason), c.bucket,
           c.confidence, c.shrunk_effect, c.effect_low, c.effect_high, 100
    FROM twin LEFT JOIN LATERAL btwin.best_bucket(twin.contents) AS c ON twin.no_contents IS NULL
    UNION ALL
    SELECT 3, 'session length', coalesce(twin.no_lengths, twin.no_scores, l.reason), 'best up to ' || round(l.limit_at) || ' minutes',
           l.confidence, l.slope, l.slope_low, l.slope_high, 1000
    FROM twin LEFT JOIN LATERAL btwin.best_limit(twin.lengths) AS l ON twin.no_lengths IS NULL
)
SELECT habit,
       coalesce(CASE WHEN reason = 'no_habit' THEN 'no habit' ELSE 'unknown: ' || replace(reason, '_', ' ') END, finding) AS answer,
       round(confidence::numeric, 2) AS confidence,
       CASE WHEN reason IS NULL
            THEN format('%s %s (%s to %s)', to_char(points * effect, 'FMS990'), CASE WHEN points > 100 THEN 'per 10 min' ELSE 'points' END,
                        to_char(points * effect_low, 'FMS990'), to_char(points * effect_high, 'FMS990')) END AS effect,
       CASE WHEN answer.reason IS NULL OR answer.confidence IS NOT NULL
            THEN format('%s on %s days', twin.scored, twin.days)
            WHEN answer.reason = 'no clock time' THEN 'all times are 00:00 UTC: days only' END AS sessions
FROM answer CROSS JOIN twin
ORDER BY place;
