-- How well the load of a session tells the simulator's load, beside the rule of
-- the reference and what no method can pass.
--   test/sim/simulate ... --out DIR; psql -v folder=DIR -f bench/accuracy/load.sql
-- Every session is scored against the baseline of the sessions before it. Needs
-- the extension in the database, makes temporary tables only.
\set ON_ERROR_STOP on
\set QUIET on
\if :{?folder} \else
\warn 'load.sql: pass the folder of simulate: psql -v folder=... -f load.sql'
\quit
\endif
CREATE TEMP TABLE study_sessions (id text, user_id text, started_at timestamptz, completed_at timestamptz, duration_ms float8, reviews_completed int, new_cards_studied int);
CREATE TEMP TABLE reviews (id text, user_id text, card_id text, session_id text, rating text, time_spent_ms float8, reviewed_at timestamptz, stability_before float8, stability_after float8);
CREATE TEMP TABLE metrics (id text, user_id text, session_id text, load_score float8, stress_indicators jsonb, confidence_level float8, at timestamptz);
\set copy '\\copy study_sessions FROM ''' :folder '/study_sessions.tsv'''
:copy
\set copy '\\copy reviews FROM ''' :folder '/reviews.tsv'''
:copy
\set copy '\\copy metrics FROM ''' :folder '/cognitive_load_metrics.tsv'''
:copy
ANALYZE study_sessions, reviews, metrics;

CREATE TEMP TABLE session AS
SELECT s.id, s.user_id, s.started_at, s.duration_ms / 60000 AS minutes, btwin.cognitive_load_agg(reviewed_at, time_spent_ms, rating <> 'AGAIN') AS load,
       avg((rating = 'AGAIN')::int::float8) AS error_rate, avg(time_spent_ms) AS mean_ms, array_agg(time_spent_ms ORDER BY reviewed_at) AS latencies,
       array_agg((rating <> 'AGAIN')::int::float8 ORDER BY reviewed_at) AS scores
FROM study_sessions s JOIN reviews r ON r.session_id = s.id WHERE s.duration_ms IS NOT NULL GROUP BY s.id, s.user_id, s.started_at, s.duration_ms;
CREATE TEMP TABLE past AS
SELECT session.*, btwin.rollup(btwin.baseline(load)) OVER earlier AS baseline, btwin.rollup(btwin.baseline(load, minutes)) OVER earlier AS baseline_of_minutes,
       avg(mean_ms) OVER earlier AS usual_ms, 1 - avg(error_rate) OVER earlier AS usual_score, avg(error_rate) OVER (PARTITION BY user_id) AS own_error_rate
FROM session WINDOW earlier AS (PARTITION BY user_id ORDER BY started_at ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING);

WITH claim AS (
    SELECT id, 'default' AS method, s.value, s.low, s.high FROM past, btwin.load_score(load, baseline) AS s
    UNION ALL SELECT id, 'default, session length given', s.value, s.low, s.high FROM past, btwin.load_score(load, baseline_of_minutes, minutes) AS s
    UNION ALL SELECT id, 'epic5, learner''s baseline', s.load_score, NULL, NULL FROM past, btwin.epic5_cognitive_load(latencies, error_rate, scores, minutes, NULL, NULL, usual_ms, usual_score) AS s
    UNION ALL SELECT id, 'epic5, its own defaults', s.load_score, NULL, NULL FROM past, btwin.epic5_cognitive_load(latencies, error_rate, scores, minutes) AS s
    UNION ALL SELECT id, 'constant 35', 35, NULL, NULL FROM past
    UNION ALL SELECT id, 'truth without its noise (minutes, errors)', least(100, 35 + 20 * greatest(minutes - 45, 0) / 30 + 25 * greatest(error_rate - own_error_rate, 0)), NULL, NULL FROM past
)
SELECT method, count(*) AS sessions, round(corr(value, load_score)::numeric, 3) AS correlation, round(sqrt(avg((value - load_score) ^ 2))::numeric, 2) AS rmse,
       round(avg(value - load_score)::numeric, 2) AS bias, round(avg((load_score BETWEEN low AND high)::int), 3) AS interval_covers
FROM claim JOIN metrics ON metrics.session_id = claim.id GROUP BY method ORDER BY method COLLATE "C";
