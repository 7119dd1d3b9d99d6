-- The simulated learners try strategies: after every session one is drawn as
-- strategy.sql draws it, and succeeds as often as the truth of the learner says.
INSERT INTO personalization_outcomes (id, user_id, outcome_type, context, "timestamp", performance_score, personalization_applied, strategy_variant)
WITH RECURSIVE session AS MATERIALIZED (
    SELECT s.id, s.user_id, s.completed_at, row_number() OVER (PARTITION BY s.user_id ORDER BY s.completed_at, s.id) AS number
    FROM study_sessions AS s WHERE s.completed_at IS NOT NULL
), play AS (
    SELECT l.user_id, 0::bigint AS number, NULL::text AS session_id, NULL::timestamptz AS at, NULL::text AS arm, NULL::float8 AS reward,
           btwin.bandit_init(ARRAY(SELECT a.arm FROM truth.arm AS a WHERE a.user_id = l.user_id)) AS bandit
    FROM truth.learner AS l
    UNION ALL
    SELECT p.user_id, s.number, s.id, s.completed_at, d.arm, w.reward, btwin.bandit_add(p.bandit, d.arm, w.reward)
    FROM play AS p
    JOIN session AS s ON s.user_id = p.user_id AND s.number = p.number + 1
    CROSS JOIN LATERAL btwin.select_arm(p.bandit, 'thompson', seed => hashtextextended(s.id, 1)) AS d
    JOIN truth.arm AS a ON a.user_id = p.user_id AND a.arm = d.arm
    -- a uniform number that is the same in every run
    CROSS JOIN LATERAL (SELECT ((hashtextextended(s.id, 2) & 1048575) + 0.5) / 1048576 < a.mean AS success) AS u
    CROSS JOIN LATERAL (SELECT u.success::int::float8 AS reward) AS w
)
SELECT 'play:' || session_id, user_id, 'SESSION_COMPLETED', 'SESSION', at, reward, true, arm FROM play WHERE session_id IS NOT NULL;
