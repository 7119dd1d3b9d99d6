-- Simulated learners only: what a learner was drawn with, to hold against the
-- answer. No btwin function reads it.
--   psql -v question=NAME -v learner=ID -v as_of=MOMENT -f truth.sql
WITH start AS (
    SELECT min(date)::date AS day FROM missions
), habit AS (
    SELECT h.*, CASE h.kind WHEN 'peak_hours' THEN 1 WHEN 'content' THEN 2 ELSE 3 END AS place,
           '{lecture,flashcard,validation,clinical_reasoning}'::text[] AS contents
    FROM truth.habit AS h WHERE h.user_id = :'learner'
)
SELECT 'truth: ' || text
FROM (SELECT 'habits' AS question, place::float8 AS place,
             CASE kind WHEN 'peak_hours' THEN 'best hours: ' WHEN 'content' THEN 'best content: ' ELSE 'session length: ' END
             || CASE WHEN NOT exists THEN 'none'
                     ELSE CASE kind WHEN 'peak_hours' THEN format('%s:00 to %s:00, +%s points', to_char(slot, 'FM00'), to_char((slot + 3) % 24, 'FM00'), round(100 * effect))
                                    WHEN 'content' THEN format('%s, +%s points', contents[slot + 1], round(100 * effect))
                                    ELSE format('best up to %s minutes, then -%s points per 10 min', slot, round(100 * effect)) END
                          || CASE WHEN change_day IS NOT NULL
                                  THEN format(' until %s, then %s', start.day + change_day,
                                              CASE kind WHEN 'peak_hours' THEN to_char(new_slot, 'FM00') || ':00 to ' || to_char((new_slot + 3) % 24, 'FM00') || ':00'
                                                        WHEN 'content' THEN contents[new_slot + 1] ELSE new_slot || ' minutes' END)
                                  ELSE '' END END AS text
      FROM habit CROSS JOIN start
      UNION ALL
      SELECT 'struggle', 1, format('struggled with %s of %s topics%s', count(*) FILTER (WHERE t.struggled), count(*),
                                   (SELECT ': ' || string_agg(format('%s (%s)', h.objective, round(h.probability::numeric, 2)), ', ' ORDER BY h.probability DESC)
                                    FROM (SELECT o.objective, t.probability FROM truth.objective AS t JOIN learning_objectives AS o ON o.id = t.objective_id
                                          WHERE t.user_id = :'learner' AND t.struggled ORDER BY t.probability DESC LIMIT 3) AS h))
      FROM truth.objective AS t WHERE t.user_id = :'learner'
      UNION ALL
      SELECT 'burnout', 1, CASE WHEN episode_start IS NULL THEN 'no burnout episode'
                                ELSE format('episode %s to %s: load +20, 40 %% skipped, performance down by 15 points',
                                            start.day + episode_start, start.day + episode_start + episode_days - 1) END
      FROM truth.learner CROSS JOIN start WHERE user_id = :'learner'
      UNION ALL
      SELECT 'strategy', 1 - mean, format('%s succeeds %s %% of the time', arm, round(100 * mean)) FROM truth.arm WHERE user_id = :'learner'
      UNION ALL
      SELECT 'load', 1, coalesce((SELECT format('load drawn for that session: %s', round(c.load_score)) FROM cognitive_load_metrics AS c WHERE c.session_id = s.id),
                                 'the load of that session was not written down')
      FROM (SELECT s.id FROM study_sessions AS s WHERE s.user_id = :'learner' AND s.started_at < :'as_of' AND EXISTS (SELECT FROM reviews AS r WHERE r.session_id = s.id AND r.reviewed_at < :'as_of')
            ORDER BY s.started_at DESC LIMIT 1) AS s
      UNION ALL
      SELECT 'forgetting', 1, format('half-life %s days; recalled after 1, 3, 7, 14, 30 days: %s %%', round(half_life_days::numeric, 1),
                                     (SELECT string_agg(round(95 * power(1 + d / (half_life_days / 3), -0.5))::text, ', ' ORDER BY d) FROM unnest(ARRAY[1, 3, 7, 14, 30]) AS d))
      FROM truth.learner WHERE user_id = :'learner') AS drawn
WHERE question = :'question'
ORDER BY place, text;
