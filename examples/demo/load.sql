-- How hard was the last session?
--   psql -v learner=ID -v as_of=MOMENT -f load.sql
-- From the answers of the session alone (latency, errors, length), against the
-- learner's own earlier sessions: 35 is an ordinary session.
WITH session AS MATERIALIZED (
    SELECT s.id, s.started_at, s.duration_ms / 60000.0 AS minutes, a.answers
    FROM btwin.study_sessions_window(:'learner', '-infinity', :'as_of') AS s
    JOIN (SELECT r.session_id, btwin.cognitive_load_agg(r.reviewed_at, r.time_spent_ms, r.rating <> 'AGAIN') AS answers
          FROM btwin.reviews_window(:'learner', '-infinity', :'as_of') AS r
          GROUP BY 1) AS a ON a.session_id = s.id
), last AS MATERIALIZED (
    SELECT s.*,
           (SELECT btwin.rollup(btwin.baseline(b.answers, b.minutes)) FROM session AS b WHERE b.started_at < s.started_at) AS usual
    FROM session AS s ORDER BY s.started_at DESC LIMIT 1
), answer AS (
    SELECT 1 AS place, 0::float8 AS contribution,
           format('last, %s', to_char(last.started_at AT TIME ZONE btwin.learner_time_zone(:'learner'), 'YYYY-MM-DD HH24:MI')) AS quantity,
           round(l.value) || ' of 100 (' || round(l.low) || ' to ' || round(l.high) || ')' AS answer,
           l.load_level || CASE WHEN l.overload THEN ', overload' ELSE '' END AS level, NULL AS points, l.confidence,
           l.evidence_count || ' answers' || CASE l.reason WHEN 'default_used' THEN ' (first)' ELSE '' END AS evidence
    FROM last CROSS JOIN LATERAL btwin.load_score(last.answers, last.usual, last.minutes) AS l
    UNION ALL
    SELECT 2, i.contribution, '  raised by: ' || replace(lower(i.type), '_', ' '),
           CASE i.type WHEN 'RESPONSE_LATENCY' THEN round(i.value::numeric, 1) || ' times the usual'
                       WHEN 'DURATION_STRESS' THEN round(i.value) || ' minutes'
                       ELSE round(100 * i.value) || ' %' END,
           i.severity, to_char(i.contribution, 'FMS990.0'), NULL, NULL
    FROM last CROSS JOIN LATERAL btwin.indicators(last.answers, last.usual, last.minutes) AS i
    UNION ALL
    SELECT 1, 0, 'last session', 'unknown: no session with answers', NULL, NULL, NULL, NULL
    WHERE NOT EXISTS (SELECT FROM last)
)
SELECT quantity, answer, level, points, round(confidence::numeric, 2) AS confidence, evidence FROM answer ORDER BY place, contribution DESC, quantity;
