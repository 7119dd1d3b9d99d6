-- Three simulated learners, chosen by their truth and not by what the twin says
-- of them: the most visible true habit, the longest burnout episode, and one
-- with neither. Who has opted out of analysis is left out.
WITH learner AS (
    SELECT l.*, (SELECT min(date)::date FROM missions) AS start,
           (SELECT count(*) FROM truth.habit AS h WHERE h.user_id = l.user_id AND h.exists) AS habits,
           (SELECT count(*) FROM study_sessions AS s WHERE s.user_id = l.user_id) AS sessions,
           (SELECT max(started_at) FROM study_sessions AS s WHERE s.user_id = l.user_id) AS last
    FROM truth.learner AS l JOIN btwin.users AS u ON u.id = l.user_id AND u.behavioral_analysis_enabled
), peak AS (
    SELECT l.user_id, l.last, h.effect,
           (SELECT count(*) FROM study_sessions AS s
            WHERE s.user_id = l.user_id
              AND (extract(hour FROM s.started_at AT TIME ZONE l.time_zone)::int - h.slot + 24) % 24 < 3) AS inside, l.sessions
    FROM learner AS l JOIN truth.habit AS h ON h.user_id = l.user_id AND h.kind = 'peak_hours' AND h.exists AND h.change_day IS NULL
    WHERE l.episode_start IS NULL
)
SELECT user_id, to_char(as_of, 'YYYY-MM-DD"T"HH24:MI"Z"'), why
FROM ((SELECT 1 AS place, user_id, date_trunc('day', last, 'UTC') + interval '1 day' AS as_of, 'with a true habit of hours' AS why
       FROM peak ORDER BY effect ^ 2 * inside * (sessions - inside) / sessions DESC LIMIT 1)
      UNION ALL
      (SELECT 2, user_id, (start + episode_start + episode_days)::timestamp AT TIME ZONE time_zone, 'on the last day of a burnout episode'
       FROM learner
       WHERE start + episode_start + episode_days <= last::date
       ORDER BY episode_days DESC, sessions DESC LIMIT 1)
      UNION ALL
      (SELECT 3, user_id, date_trunc('day', last, 'UTC') + interval '1 day', 'with no habit and no episode'
       FROM learner WHERE habits = 0 AND episode_start IS NULL ORDER BY sessions DESC LIMIT 1)) AS chosen
ORDER BY place;
