-- Half a year of study up to 2026-03-15 in Berlin, 3 sessions in 2 days, as rows of
-- nobody's tables yet: "planted" scores 0.2 better from 9 to 12 o'clock, "plain" does
-- not. What looks like chance comes from digests.
CREATE TEMP TABLE study AS
SELECT l.learner, n, (day + make_interval(hours => hour, mins => 5)) AT TIME ZONE 'Europe/Berlin' AS started_at, hour, 25 + (digest / 16 % 21) AS minutes,
       (ARRAY['lecture', 'flashcard', 'validation', 'clinical_reasoning'])[1 + digest / 512 % 4] AS kind,
       round(100 * (0.6 + 0.3 * (('x' || substr(md5('score' || l.learner || n), 1, 4))::bit(16)::int / 65536.0 - 0.5) + CASE WHEN l.learner = 'planted' AND hour BETWEEN 9 AND 11 THEN 0.2 ELSE 0 END))::integer AS score,
       CASE WHEN ('x' || substr(md5('answer' || l.learner || n), 1, 4))::bit(16)::int < 27000 THEN 'GOOD' ELSE 'AGAIN' END AS rating
FROM unnest('{planted,plain}'::text[]) AS l (learner), generate_series(0, 269) AS n
CROSS JOIN LATERAL (SELECT timestamp '2025-09-17' + (n * 2 / 3) * interval '1 day' AS day, ('x' || substr(md5('study' || n), 1, 4))::bit(16)::int AS digest) AS d
CROSS JOIN LATERAL (SELECT 6 + digest % 15 AS hour) AS h;
