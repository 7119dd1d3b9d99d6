-- The BI views: what a refresh costs, first from rows alone, then from the
-- store, then with nothing changed; and a full scan of each view, values of all
-- columns of all rows counted (bar: under one second for 10,000 learners).
-- data: simulator
--   bench/run 10000 bi          ROWS is here the number of simulated learners (default 1000)
SET jit = off;
SET client_min_messages = warning;
SELECT count(*) AS attached FROM btwin.attach('public', create_indexes => false, triggers => false) \gset
SET search_path = public;
\ir ../test/sim/load.sql
-- the simulator writes neither predictions nor outcomes of strategies: from its truth
SET session_replication_role = replica;
INSERT INTO struggle_predictions (id, user_id, learning_objective_id, topic_id, predicted_struggle_probability, prediction_confidence, struggling_factors, prediction_date, predicted_at, actual_outcome, actual_outcome_recorded_at)
SELECT 'p' || o.objective_id, o.user_id, o.objective_id, v.course_id, o.probability, 0.5, '{}', t.at, t.at, o.struggled, t.at + interval '5 days'
FROM truth.objective o JOIN learning_objectives g ON g.id = o.objective_id JOIN lectures v ON v.id = g.lecture_id
CROSS JOIN LATERAL (SELECT timestamptz '2026-01-08 10:00Z' + abs(hashtext(o.objective_id)) % 165 * interval '1 day') AS t (at);
INSERT INTO personalization_outcomes (id, user_id, outcome_type, context, "timestamp", performance_score, strategy_variant)
SELECT s.id || 'o', s.user_id, 'SESSION_COMPLETED', 'SESSION', s.started_at, a.mean, a.arm
FROM study_sessions s JOIN LATERAL (SELECT a.arm, a.mean FROM truth.arm a WHERE a.user_id = s.user_id ORDER BY md5(s.id || a.arm) LIMIT 1) AS a ON true;
RESET session_replication_role;
SELECT count(*) AS attached FROM btwin.attach('public', triggers => true) \gset
TRUNCATE btwin.late_change;
VACUUM ANALYZE;
SELECT count(*) AS learners, (SELECT count(*) FROM reviews) AS reviews, (SELECT count(*) FROM study_sessions) AS sessions,
       (SELECT count(*) FROM struggle_predictions) AS predictions, (SELECT count(*) FROM personalization_outcomes) AS outcomes FROM users;
-- the day after the simulation
SET btwin.bi_as_of = '2026-07-06 12:00Z';
CREATE TEMP TABLE run (place int, what text, view_name text, n_rows bigint, ms float8);
INSERT INTO run SELECT 1, 'from rows', view_name, n_rows, duration_ms FROM btwin.refresh_bi();
CALL btwin.refresh() \g /dev/null
VACUUM ANALYZE;
INSERT INTO run SELECT 2, 'from the store', view_name, n_rows, duration_ms FROM btwin.refresh_bi();
INSERT INTO run SELECT 3, 'again', view_name, n_rows, duration_ms FROM btwin.refresh_bi();
VACUUM ANALYZE;
\echo refresh, milliseconds
SELECT view_name, max(n_rows) AS n_rows, round(max(ms) FILTER (WHERE place = 1)::numeric) AS from_rows, round(max(ms) FILTER (WHERE place = 2)::numeric) AS from_the_store, round(max(ms) FILTER (WHERE place = 3)::numeric) AS again
FROM run GROUP BY GROUPING SETS ((view_name), ()) ORDER BY 1;
SELECT what, round(sum(ms)::numeric) AS ms_of_all FROM run GROUP BY what, place ORDER BY place;
\echo full scan, milliseconds
SELECT format('SELECT * FROM bench.compare(ARRAY[%s], ARRAY[%s], runs => 5)', string_agg(quote_literal(view_name), ', ' ORDER BY view_name),
              string_agg(quote_literal(format('SELECT %s FROM btwin_bi.%I', columns, view_name)), ', ' ORDER BY view_name)) AS statement
FROM (SELECT view_name, string_agg(format('count(%I)', column_name), ', ') AS columns FROM btwin_bi.catalog GROUP BY view_name) AS v \gset scan_
CREATE TEMP TABLE scanned AS :scan_statement;
SELECT label AS view_name, median_ms, slowest_ms, CASE WHEN slowest_ms < 1000 THEN 'yes' ELSE 'no' END AS under_a_second FROM scanned ORDER BY 1;
