-- Is the learner burning out?
--   psql -v learner=ID -v as_of=MOMENT -f burnout.sql
-- The last 14 days against the learner's own 56 days before. Every table brings
-- what it knows of a day; rows of one day add up or average by themselves, and
-- what no table knows stays unknown.
WITH zone AS MATERIALIZED (
    SELECT btwin.learner_time_zone(:'learner') AS name
), fact (at, study_ms, load, retention, planned, skipped, performance, in_progress, untimed) AS (
    SELECT s.started_at, s.duration_ms::float8, NULL::float8, NULL::float8, NULL::int, NULL::int, NULL::float8, NULL::int,
           -- studied, nobody knows how long
           CASE WHEN s.duration_ms IS NULL THEN 1 END
    FROM btwin.study_sessions_window(:'learner', :'as_of'::timestamptz - interval '125 days', :'as_of') AS s
    UNION ALL
    SELECT c.timestamp, NULL, c.load_score, NULL, NULL, NULL, NULL, NULL, NULL
    FROM btwin.cognitive_load_metrics_window(:'learner', :'as_of'::timestamptz - interval '125 days', :'as_of') AS c
    UNION ALL
    SELECT r.reviewed_at, NULL, NULL, (r.rating <> 'AGAIN')::int, NULL, NULL, NULL, NULL, NULL
    FROM btwin.reviews_window(:'learner', :'as_of'::timestamptz - interval '125 days', :'as_of') AS r
    UNION ALL
    SELECT m.date, NULL, NULL, NULL, 1, (m.status = 'SKIPPED')::int, NULL, (m.status = 'IN_PROGRESS')::int, NULL
    FROM btwin.missions_window(:'learner', :'as_of'::timestamptz - interval '125 days', :'as_of') AS m
    UNION ALL
    SELECT e.timestamp, NULL, NULL, NULL, NULL, NULL, e.session_performance_score / 100.0, NULL, NULL
    FROM btwin.behavioral_events_window(:'learner', :'as_of'::timestamptz - interval '125 days', :'as_of') AS e
    WHERE e.event_type = 'SESSION_ENDED'
), twin AS MATERIALIZED (
    SELECT btwin.burnout_agg((f.at AT TIME ZONE zone.name)::date, f.study_ms, f.load, f.retention, f.planned, f.skipped,
                             f.performance, f.in_progress, NULL, f.untimed) AS days,
           -- as_of itself is not in the window: the day of the moment before it
           ((:'as_of'::timestamptz - interval '1 microsecond') AT TIME ZONE (SELECT name FROM zone))::date AS today,
           count(f.planned) > 0 AS missions_known
    FROM fact AS f CROSS JOIN zone
), answer AS (
    SELECT 0 AS place, 'burnout risk' AS quantity,
           CASE WHEN r.score IS NULL THEN 'unknown: ' || replace(coalesce(r.reason, 'no_rows'), '_', ' ')
                ELSE round(r.score) || ' of 100 (' || round(r.low) || ' to ' || round(r.high) || ')' END AS answer,
           coalesce(r.evidence_days, 0) || ' of 14 days' AS normal, r.level, NULL::text AS points, r.confidence
    FROM twin LEFT JOIN LATERAL btwin.risk(twin.days, twin.today) AS r ON true
    UNION ALL
    SELECT f.place::int, '  ' || lower(f.factor), coalesce(shown.value, 'unknown'), shown.normal,
           CASE WHEN shown.value IS NOT NULL THEN f.severity END, CASE WHEN shown.value IS NOT NULL THEN to_char(f.contribution, 'FMS990.0') END,
           CASE WHEN shown.value IS NOT NULL THEN f.confidence END
    FROM twin
    CROSS JOIN LATERAL btwin.factors(twin.days, twin.today) WITH ORDINALITY
        AS f (factor, value, normal, score, low, high, weight, contribution, severity, confidence, place)
    CROSS JOIN LATERAL (
        SELECT max(v) FILTER (WHERE n = 1) AS value, max(v) FILTER (WHERE n = 2) AS normal
        FROM (SELECT n, CASE f.factor WHEN 'Study Intensity' THEN round(x::numeric, 1) || ' h a week'
                                      WHEN 'Performance Decline' THEN round(100 * x) || ' % right'
                                      WHEN 'Chronic Cognitive Load' THEN 'load ' || round(x)
                                      WHEN 'Schedule Irregularity' THEN round(100 * x) || ' % skipped'
                                      WHEN 'Engagement Decay' THEN round(100 * x) || CASE WHEN twin.missions_known THEN ' % not done' ELSE ' % less time' END
                                      WHEN 'Recovery Deficit' THEN 'rest ' || round(x::numeric, 1) || ' of 7' END AS v
              FROM (VALUES (1, f.value), (2, f.normal)) AS pair (n, x)) AS texts) AS shown
    UNION ALL
    SELECT 10, '  warning: ' || replace(lower(s.type), '_', ' '), 'since ' || s.first_detected, NULL, s.severity, NULL, s.confidence
    FROM twin CROSS JOIN LATERAL btwin.signals(twin.days, twin.today) AS s
)
SELECT quantity, answer, normal, level, points, round(confidence::numeric, 2) AS confidence FROM answer ORDER BY place, quantity;
