-- What the store buys: a learner with five years of history beside one with 90
-- days, and a refresh after changes of one learner in a hundred beside a rebuild.
-- data: simulator
--   bench/run 10000 store       ROWS is here the number of simulated learners (default 1000)
\if :{?rows} \else
\set rows 1000
\endif
SET jit = off;
SET client_min_messages = warning;
SELECT count(*) AS attached FROM btwin.attach('public') \gset
SELECT setseed(0.5) \gset

-- 100 rows a day: 4 sessions with 20 answers of 400 cards, their ends, loads and outcomes, and a mission
CREATE FUNCTION pg_temp.fill(learner text, days int, sessions int, answers int) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO users (id) VALUES (learner);
    INSERT INTO courses (id, user_id, name) VALUES ('c' || learner, learner, 'course');
    INSERT INTO cards (id, course_id, front, back) SELECT learner || 'k' || g, 'c' || learner, 'f', 'b' FROM generate_series(1, 100 * sessions) g;
    INSERT INTO study_sessions (id, user_id, started_at, completed_at, duration_ms)
    SELECT learner || 's' || d || '.' || k, learner, at, at + interval '30 minutes', 600000 + random() * 3000000
    FROM generate_series(0, days - 1) d, generate_series(0, sessions - 1) k,
         LATERAL (SELECT date_trunc('day', now(), 'UTC') - d * interval '24 hours' + (4 + 4 * k + 2 * random()) * interval '1 hour' AS at) t;
    INSERT INTO reviews (id, user_id, card_id, session_id, rating, time_spent_ms, reviewed_at)
    SELECT s.id || 'r' || g, learner, learner || 'k' || (1 + floor(random() * 100 * sessions))::int, s.id, 'GOOD', 3000 + random() * 6000, s.started_at + g * interval '1 minute'
    FROM study_sessions s, generate_series(1, answers) g WHERE s.user_id = learner;
    -- recall as a forgetting curve has it: S doubles with every success, here with every answer
    UPDATE reviews r SET rating = CASE WHEN random() < 0.95 / sqrt(1 + coalesce(p.gap, 0) / (3 * 2.0 ^ least(p.number, 12))) THEN 'GOOD' ELSE 'AGAIN' END
    FROM (SELECT id, extract(epoch FROM reviewed_at - lag(reviewed_at) OVER w)::float8 / 86400 AS gap, row_number() OVER w AS number
          FROM reviews WHERE user_id = learner WINDOW w AS (PARTITION BY card_id ORDER BY reviewed_at)) p
    WHERE p.id = r.id;
    INSERT INTO behavioral_events (id, user_id, event_type, event_data, "timestamp", content_type, session_performance_score)
    SELECT s.id || 'e', learner, 'SESSION_ENDED', jsonb_build_object('sessionId', s.id), s.completed_at, (ARRAY['lecture', 'flashcard', 'validation'])[1 + floor(random() * 3)::int], 50 + random() * 50
    FROM study_sessions s WHERE s.user_id = learner;
    INSERT INTO cognitive_load_metrics (id, user_id, session_id, load_score, stress_indicators, confidence_level, "timestamp")
    SELECT s.id || 'l', learner, s.id, 20 + random() * 50, '[]', 0.5, s.completed_at FROM study_sessions s WHERE s.user_id = learner;
    INSERT INTO personalization_outcomes (id, user_id, outcome_type, context, "timestamp", performance_score, strategy_variant)
    SELECT s.id || 'o', learner, 'SESSION_COMPLETED', 'SESSION', s.completed_at, random(), (ARRAY['balanced', 'conservative', 'pattern_heavy'])[1 + floor(random() * 3)::int]
    FROM study_sessions s WHERE s.user_id = learner;
    INSERT INTO missions (id, user_id, date, status, estimated_minutes, objectives)
    SELECT learner || 'm' || d, learner, date_trunc('day', now(), 'UTC') - d * interval '24 hours' + interval '1 hour', 'COMPLETED', 30, '[]' FROM generate_series(0, days - 1) d;
END $$;
SELECT count(*) AS attached FROM btwin.attach('public', create_indexes => false, triggers => false) \gset
SET search_path = public;
\ir ../test/sim/load.sql
SELECT count(*) AS attached FROM btwin.attach('public', create_indexes => true, triggers => true) \gset
-- among the others: alone, the two would be most of the tables, and the planner would read these as a whole
SET session_replication_role = replica;
SELECT pg_temp.fill('old', 1800, 4, 21), pg_temp.fill('new', 90, 4, 21) \g /dev/null
RESET session_replication_role;
VACUUM ANALYZE;
TRUNCATE btwin.late_change;
CALL btwin.refresh() \g /dev/null
VACUUM ANALYZE;
\echo 1800 days and 90 days, milliseconds a read (bar: ratio at most 2)
CREATE TEMP TABLE timing (what text, learner text, ms float8);
CREATE PROCEDURE pg_temp.measure(what text, learner text, statement text) LANGUAGE plpgsql AS $$
DECLARE t timestamptz := clock_timestamp();
BEGIN
    EXECUTE statement USING learner;
    INSERT INTO pg_temp.timing VALUES (what, learner, extract(epoch FROM clock_timestamp() - t) * 1000);
END $$;
DO $$
DECLARE learner text;
BEGIN
    FOR round IN 1..41 LOOP
        FOREACH learner IN ARRAY CASE round % 2 WHEN 0 THEN '{old,new}'::text[] ELSE '{new,old}' END LOOP
            CALL pg_temp.measure('hours', learner, 'SELECT btwin.best_window(btwin.learner_pattern($1, ''hour''), 3)');
            CALL pg_temp.measure('forgetting', learner, 'SELECT btwin.curve(btwin.learner_forgetting($1))');
            CALL pg_temp.measure('load', learner, 'SELECT btwin.baseline_summary(btwin.learner_load($1))');
            CALL pg_temp.measure('burnout', learner, 'SELECT btwin.risk(btwin.learner_burnout($1), current_date)');
            CALL pg_temp.measure('strategies', learner, 'SELECT btwin.learner_bandit($1)');
            CALL pg_temp.measure('everything', learner, 'SELECT count(*) FROM btwin.learner_states(ARRAY[$1])');
        END LOOP;
    END LOOP;
END $$;
SELECT what, round((percentile_cont(0.5) WITHIN GROUP (ORDER BY ms) FILTER (WHERE learner = 'new'))::numeric, 2) AS ms_90_days,
       round((percentile_cont(0.5) WITHIN GROUP (ORDER BY ms) FILTER (WHERE learner = 'old'))::numeric, 2) AS ms_1800_days,
       round((percentile_cont(0.5) WITHIN GROUP (ORDER BY ms) FILTER (WHERE learner = 'old') / percentile_cont(0.5) WITHIN GROUP (ORDER BY ms) FILTER (WHERE learner = 'new'))::numeric, 2) AS ratio
FROM timing GROUP BY what ORDER BY what;

\echo simulated learners of half a year: a rebuild, and a refresh after late changes of one learner in a hundred (bar: at most 3 % of the rebuild)
SELECT count(*) AS learners, (SELECT count(*) FROM reviews) AS reviews, (SELECT count(*) FROM study_sessions) AS sessions FROM users;
CREATE TEMP TABLE run (what text, ms float8, done bigint);
CREATE TEMP TABLE began (at timestamptz);
-- one late change each, in another week of half a year each time
CREATE PROCEDURE pg_temp.change(round int) LANGUAGE sql AS $$
    UPDATE reviews SET rating = CASE rating WHEN 'AGAIN' THEN 'GOOD' ELSE 'AGAIN' END
    WHERE id IN (SELECT r.id FROM users u CROSS JOIN LATERAL (
        SELECT r.id FROM reviews r WHERE r.user_id = u.id AND r.reviewed_at >= timestamptz '2026-01-05 00:00+00' + round * interval '19 days' ORDER BY r.reviewed_at LIMIT 1) r
        WHERE u.id LIKE 'l%00') $$;
\o /dev/null
SELECT q.statement
FROM generate_series(1, 6) AS r
CROSS JOIN LATERAL unnest(CASE WHEN r <= 3 AND (r = 1 OR :rows < 2000) THEN ARRAY[
    'SELECT btwin.rebuild()',
    'CALL btwin.refresh()',
    'INSERT INTO run SELECT ''rebuild'', extract(epoch FROM finished_at - started_at) * 1000, learners_done FROM btwin.refresh_run ORDER BY run_id DESC LIMIT 1',
    'VACUUM ANALYZE btwin.user_day, btwin.user_month, btwin.user_total, btwin.user_mark'] END || ARRAY[
    format('CALL pg_temp.change(%s)', r),
    'TRUNCATE began',
    'INSERT INTO began VALUES (clock_timestamp())',
    'CALL btwin.refresh()',
    -- with the search for what there is to do
    'INSERT INTO run SELECT ''one in a hundred'', extract(epoch FROM clock_timestamp() - (SELECT at FROM began)) * 1000, learners_done FROM btwin.refresh_run ORDER BY run_id DESC LIMIT 1'
]) WITH ORDINALITY AS q (statement, place)
ORDER BY r, q.place \gexec
\o
SELECT what, count(*) AS rounds, min(done) AS learners, round((percentile_cont(0.5) WITHIN GROUP (ORDER BY ms))::numeric) AS median_ms, round((percentile_cont(0.5) WITHIN GROUP (ORDER BY ms / done))::numeric, 2) AS ms_a_learner FROM run GROUP BY what ORDER BY what;
SELECT round((100 * (percentile_cont(0.5) WITHIN GROUP (ORDER BY ms) FILTER (WHERE what <> 'rebuild')) / percentile_cont(0.5) WITHIN GROUP (ORDER BY ms) FILTER (WHERE what = 'rebuild'))::numeric, 2) AS percent_of_a_rebuild FROM run;
