-- The three learners with the most days of study; asked for as of the end of the
-- day of their last answer (where there are no answers, of their last session).
-- Who has opted out of analysis is left out.
SELECT s.user_id,
       to_char(date_trunc('day', coalesce(a.last, s.last), 'UTC') + interval '1 day', 'YYYY-MM-DD"T"HH24:MI"Z"') AS as_of,
       format('active on %s days', s.days) AS why
FROM (SELECT user_id, count(*) AS sessions, count(DISTINCT date_trunc('day', started_at, 'UTC')) AS days, max(started_at) AS last
      FROM btwin.study_sessions GROUP BY 1) AS s
JOIN btwin.users AS u ON u.id = s.user_id AND u.behavioral_analysis_enabled
LEFT JOIN (SELECT user_id, max(reviewed_at) AS last FROM btwin.reviews GROUP BY 1) AS a USING (user_id)
ORDER BY s.days DESC, s.sessions DESC, s.user_id
LIMIT 3;
