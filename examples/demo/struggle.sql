-- Where will the learner struggle, and why?
--   psql -v learner=ID -v as_of=MOMENT -f struggle.sql
-- The three topics with the largest probability, with the features that moved it
-- most. A topic is a learning objective, or a course where there are none. What
-- the tables do not know is NULL: it stands at the population's mean and widens
-- the interval. How well a topic is known is worked out from the reviews (the
-- mean chance that its cards would be recalled now, 0 for those never seen), not
-- read from a column that somebody may have updated since.
WITH topic AS MATERIALIZED (
    SELECT o.id, o.objective AS name, o.complexity, true AS is_objective
    FROM btwin.lectures AS l JOIN btwin.learning_objectives AS o ON o.lecture_id = l.id
    WHERE l.user_id = :'learner'
    UNION ALL
    SELECT c.id, c.name, NULL, false FROM btwin.courses AS c
    WHERE c.user_id = :'learner'
      AND NOT EXISTS (SELECT FROM btwin.lectures AS l JOIN btwin.learning_objectives AS o ON o.lecture_id = l.id WHERE l.user_id = :'learner')
), graded AS (
    -- one grade for all is a default that nobody gave
    SELECT count(DISTINCT complexity) > 1 AS known, bool_and(is_objective) AS objectives FROM topic
), card AS MATERIALIZED (
    SELECT k.id, topic.id AS topic_id
    FROM btwin.courses AS c JOIN btwin.cards AS k ON k.course_id = c.id JOIN topic ON topic.id = coalesce(k.objective_id, k.course_id)
    WHERE c.user_id = :'learner'
), review AS MATERIALIZED (
    SELECT r.card_id, r.session_id, r.reviewed_at, r.rating
    FROM btwin.reviews_window(:'learner', '-infinity', :'as_of') AS r
), twin AS MATERIALIZED (
    SELECT btwin.forgetting_agg(card_id, reviewed_at, rating <> 'AGAIN') AS curve FROM review
), known AS MATERIALIZED (
    SELECT card.topic_id, sum(coalesce(r.retention, 0)) / count(*) AS mastery
    FROM card
    LEFT JOIN (SELECT c.card_id,
                      btwin.retention(twin.curve, extract(epoch FROM :'as_of'::timestamptz - c.last_reviewed_at)::float8 / 86400,
                                      c.successes, c.lapses, prior => (SELECT prior FROM btwin_demo.population)) AS retention
               FROM twin CROSS JOIN LATERAL btwin.cards(twin.curve) AS c) AS r ON r.card_id = card.id
    GROUP BY 1
), recent AS (
    SELECT card.topic_id, avg((r.rating <> 'AGAIN')::int)::float8 AS recalled, avg((r.rating = 'AGAIN')::int)::float8 AS lapses
    FROM review AS r JOIN card ON card.id = r.card_id
    WHERE r.reviewed_at >= :'as_of'::timestamptz - interval '30 days'
    GROUP BY 1
), metric AS (
    SELECT p.learning_objective_id AS topic_id, avg(p.retention_score) AS retention,
           -- not before the oldest and the newest three days are six
           CASE WHEN count(*) >= 6 THEN greatest(0, least(1, 0.5 + avg(p.retention_score) FILTER (WHERE p.oldest <= 3)
                                                            - avg(p.retention_score) FILTER (WHERE p.newest <= 3))) END AS decline
    FROM (SELECT p.*, row_number() OVER (w ORDER BY p.date) AS oldest, row_number() OVER (w ORDER BY p.date DESC) AS newest
          FROM btwin.performance_metrics_window(:'learner', :'as_of'::timestamptz - interval '30 days', :'as_of') AS p
          WINDOW w AS (PARTITION BY p.learning_objective_id)) AS p
    GROUP BY 1
), prerequisite AS (
    SELECT q.objective_id AS topic_id, avg((coalesce(known.mastery, 0) < 0.5)::int)::float8 AS gap_count,
           1 - avg(coalesce(known.mastery, 0)) AS mastery_gap
    FROM btwin.objective_prerequisites AS q JOIN topic ON topic.id = q.objective_id
    LEFT JOIN known ON known.topic_id = q.prerequisite_id
    GROUP BY 1
), learner AS MATERIALIZED (
    SELECT (SELECT avg(good) FROM (SELECT avg((r.rating IN ('GOOD', 'EASY'))::int)::float8 AS good FROM review AS r
                                   WHERE r.session_id IS NOT NULL AND r.reviewed_at >= :'as_of'::timestamptz - interval '7 days'
                                   GROUP BY r.session_id ORDER BY max(r.reviewed_at) DESC LIMIT 5) AS s) AS performance,
           (SELECT avg(c.load_score) / 100
            FROM btwin.cognitive_load_metrics_window(:'learner', :'as_of'::timestamptz - interval '7 days', :'as_of') AS c) AS load,
           (SELECT CASE WHEN count(*) > 0 THEN least(1, extract(epoch FROM :'as_of'::timestamptz - max(s.started_at)) / 86400 / 30) END::float8
            FROM btwin.study_sessions_window(:'learner', '-infinity', :'as_of') AS s) AS days_since,
           EXISTS (SELECT FROM prerequisite) AS prerequisites_known,
           (SELECT least(1, count(*) FILTER (WHERE coalesce(known.mastery, 0) < 0.9) / 50.0)::float8
            FROM topic LEFT JOIN known ON known.topic_id = topic.id) AS workload
), feature AS MATERIALIZED (
    SELECT topic.name, topic.id,
           btwin.struggle_vector(
               retention_score => coalesce(metric.retention, recent.recalled),
               retention_decline_rate => metric.decline,
               review_lapse_rate => recent.lapses,
               session_performance_score => learner.performance,
               prerequisite_gap_count => CASE WHEN learner.prerequisites_known THEN coalesce(prerequisite.gap_count, 0) END,
               prerequisite_mastery_gap => CASE WHEN learner.prerequisites_known THEN coalesce(prerequisite.mastery_gap, 0) END,
               content_complexity => level.complexity,
               complexity_mismatch => CASE WHEN graded.known THEN greatest(0, level.complexity - coalesce(known.mastery, 0)) END,
               cognitive_load_indicator => learner.load,
               days_since_last_study => learner.days_since,
               workload_level => CASE WHEN graded.objectives THEN learner.workload END) AS x
    FROM topic CROSS JOIN learner CROSS JOIN graded
    LEFT JOIN known ON known.topic_id = topic.id
    LEFT JOIN recent ON recent.topic_id = topic.id
    LEFT JOIN metric ON metric.topic_id = topic.id
    LEFT JOIN prerequisite ON prerequisite.topic_id = topic.id
    CROSS JOIN LATERAL (SELECT CASE WHEN graded.known THEN CASE topic.complexity WHEN 'BASIC' THEN 0.3 WHEN 'INTERMEDIATE' THEN 0.6
                                                                                WHEN 'ADVANCED' THEN 0.9 END END::float8) AS level (complexity)
), answer AS MATERIALIZED (
    SELECT f.name, f.id, f.x, p.*
    FROM feature AS f CROSS JOIN LATERAL btwin.predict(btwin.struggle_model(), f.x) AS p
    ORDER BY p.probability DESC, f.id LIMIT 3
)
SELECT topic, answer, normal, level, points, round(confidence::numeric, 2) AS confidence
FROM (SELECT row_number() OVER (ORDER BY a.probability DESC, a.id) AS rank, 0 AS place, a.name AS topic,
             format('%s (%s to %s)', round(a.probability::numeric, 2), round(a.low::numeric, 2), round(a.high::numeric, 2)) AS answer,
             15 - a.unknown_count || ' of 15 known' AS normal, btwin.struggle_level(a.probability) AS level, NULL AS points, a.confidence
      FROM answer AS a
      UNION ALL
      SELECT a.rank, c.place, '  ' || replace(c.factor, '_', ' '), round(c.value::numeric, 2)::text, round(m.mean::numeric, 2)::text, NULL,
             to_char(c.contribution, 'FMS0.00'), NULL
      FROM (SELECT *, row_number() OVER (ORDER BY probability DESC, id) AS rank FROM answer) AS a
      CROSS JOIN LATERAL (SELECT b.*, row_number() OVER (ORDER BY abs(b.contribution) DESC, b.factor) AS place
                          FROM btwin.contributions(btwin.struggle_model(), a.x) AS b
                          WHERE b.value IS NOT NULL AND NOT b.is_base) AS c
      JOIN btwin.coefficients(btwin.struggle_model()) AS m ON m.feature = c.factor
      WHERE c.place <= 3
      UNION ALL
      SELECT 1, 0, 'every topic', 'unknown: no topics and no courses', NULL, NULL, NULL, NULL WHERE NOT EXISTS (SELECT FROM answer)) AS shown
ORDER BY rank, place;
