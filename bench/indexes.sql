-- What each of the 27 indexes buys: the query it is for, with and without it,
-- beside the claim of the reference report.
-- data: simulator
--   bench/run 10000 indexes     ROWS is here the number of simulated learners (default 1000)
--
-- "Without" drops the index in a subtransaction that is rolled back: nothing is
-- rebuilt, all other indexes stay, and the planner takes the best of them. "Bare"
-- drops all indexes that attach made on the table; its keys stay.
-- Rounds of the three take turns; a call for each of some learners; times are
-- those of execution, without planning. Tables the simulator does not fill get
-- generated rows, marked so.
\if :{?rows} \else
\set rows 1000
\endif
SET jit = off;
SET max_parallel_workers_per_gather = 0;
SET client_min_messages = warning;
SELECT setseed(0.5) \g /dev/null
SELECT count(*) AS attached FROM btwin.attach('public', create_indexes => false, triggers => false) \gset
SET search_path = public;
\ir ../test/sim/load.sql

-- what the simulator leaves empty; the last day of its data is :until
SELECT date_trunc('day', max(started_at), 'UTC') AS until FROM study_sessions \gset
CREATE TEMP VIEW nth AS SELECT u.id AS learner, g FROM users u CROSS JOIN generate_series(1, 60) AS g;
SET session_replication_role = replica;
UPDATE behavioral_events SET day_of_week = extract(dow FROM "timestamp"), time_of_day = extract(hour FROM "timestamp");
INSERT INTO behavioral_patterns (user_id, pattern_type, pattern_data, confidence, last_seen_at)
SELECT learner, (ARRAY['OPTIMAL_STUDY_TIME', 'SESSION_DURATION_PREFERENCE', 'CONTENT_TYPE_PREFERENCE', 'PERFORMANCE_PEAK', 'ATTENTION_CYCLE', 'FORGETTING_CURVE'])[1 + g % 6], '{}', random(), timestamptz :'until' - random() * interval '90 days'
FROM nth WHERE g <= 24;
INSERT INTO recommendations (user_id, recommendation_type, title, description, actionable_text, confidence, estimated_impact, ease_of_implementation, user_readiness, priority_score, status, created_at)
SELECT learner, 'RETENTION_STRATEGY', 'title', repeat('d', 80), repeat('a', 40), 0.5, 0.5, 0.5, 0.5, random(), (ARRAY['PENDING', 'VIEWED', 'DISMISSED', 'RATED', 'RATED'])[1 + g % 5], timestamptz :'until' - random() * interval '180 days'
FROM nth WHERE g <= 40;
INSERT INTO struggle_predictions (user_id, learning_objective_id, topic_id, predicted_struggle_probability, prediction_confidence, prediction_status, feature_vector, struggling_factors, prediction_date)
SELECT learner, 'o' || g % 20, 't' || g % 20, random(), 0.5, (ARRAY['PENDING', 'CONFIRMED', 'FALSE_POSITIVE', 'MISSED', 'DISMISSED', 'RESOLVED'])[1 + g % 6], '{"retentionScore": 0.5}', '{}', timestamptz :'until' - random() * interval '180 days'
FROM nth;
INSERT INTO personalization_configs (user_id, preferences_id, context, strategy_variant, avg_reward, is_active)
SELECT learner, learner, (ARRAY['MISSION', 'CONTENT', 'ASSESSMENT', 'SESSION'])[1 + g % 4], 'balanced', random(), g <= 4 FROM nth WHERE g <= 16;
INSERT INTO burnout_risk_assessments (user_id, risk_score, risk_level, contributing_factors, assessment_date)
SELECT learner, 50, (ARRAY['LOW', 'LOW', 'LOW', 'LOW', 'LOW', 'LOW', 'MEDIUM', 'MEDIUM', 'HIGH', 'CRITICAL'])[1 + floor(random() * 10)::int], '[]', timestamptz :'until' - g * interval '3 days' FROM nth;
UPDATE learning_objectives SET weakness_score = random();
INSERT INTO behavioral_goals (user_id, goal_type, title, description, target_metric, current_value, target_value, deadline, status, progress_history)
SELECT learner, 'CUSTOM', 'title', repeat('d', 60), 'm', 1, 2, timestamptz :'until' + (random() * 210 - 180) * interval '1 day', (ARRAY['ACTIVE', 'COMPLETED', 'ABANDONED', 'COMPLETED'])[1 + g % 4], '[]' FROM nth WHERE g <= 12;
INSERT INTO intervention_recommendations (user_id, intervention_type, description, reasoning, priority, status)
SELECT learner, 'FOCUS_SESSION', repeat('d', 60), repeat('r', 60), 1 + floor(random() * 10)::int, (ARRAY['PENDING', 'IN_PROGRESS', 'COMPLETED', 'SKIPPED', 'FAILED'])[1 + g % 5] FROM nth WHERE g <= 30;
INSERT INTO personalization_effectiveness (user_id, config_id, start_date, end_date, sample_size, composite_score)
SELECT learner, 'c', d, d + interval '14 days', 20, 0.5 FROM (SELECT learner, timestamptz :'until' - g * interval '14 days' AS d FROM nth WHERE g <= 12) AS n;
RESET session_replication_role;
\echo indexes ...
SELECT count(*) AS attached FROM btwin.attach('public', create_indexes => true) \gset
VACUUM ANALYZE;

-- The queries: $1 is a learner, @ the last day of the data.
CREATE TABLE bench.index_case (number int PRIMARY KEY, generated boolean NOT NULL, statement text NOT NULL);
INSERT INTO bench.index_case VALUES
    (1,  true,  $$SELECT * FROM behavioral_patterns WHERE user_id = $1 AND pattern_type = 'OPTIMAL_STUDY_TIME' AND confidence >= 0.7 ORDER BY confidence DESC$$),
    (2,  true,  $$SELECT * FROM behavioral_patterns WHERE user_id = $1 ORDER BY last_seen_at DESC LIMIT 10$$),
    (3,  true,  $$SELECT * FROM recommendations WHERE user_id = $1 AND status = 'PENDING' ORDER BY priority_score DESC LIMIT 5$$),
    (4,  true,  $$SELECT * FROM recommendations WHERE user_id = $1 ORDER BY created_at DESC LIMIT 10$$),
    (5,  true,  $$SELECT * FROM struggle_predictions WHERE user_id = $1 AND prediction_status = 'PENDING' AND predicted_struggle_probability >= 0.7 ORDER BY predicted_struggle_probability DESC$$),
    (6,  true,  $$SELECT * FROM struggle_predictions WHERE user_id = $1 AND topic_id = 't7' ORDER BY prediction_date DESC$$),
    (7,  true,  $$SELECT * FROM personalization_configs WHERE user_id = $1 AND context = 'SESSION' AND is_active$$),
    (8,  true,  $$SELECT * FROM personalization_configs WHERE user_id = $1 ORDER BY avg_reward DESC LIMIT 1$$),
    (9,  false, $$SELECT * FROM behavioral_events WHERE user_id = $1 AND event_type = 'SESSION_ENDED' AND "timestamp" >= @ - interval '42 days' AND "timestamp" < @$$),
    (10, true,  $$SELECT count(*), avg(session_performance_score) FROM behavioral_events WHERE user_id = $1 AND day_of_week = 1$$),
    (11, true,  $$SELECT count(*), avg(session_performance_score) FROM behavioral_events WHERE user_id = $1 AND time_of_day = 9$$),
    (12, false, $$SELECT user_id, load_score, "timestamp" FROM cognitive_load_metrics WHERE load_score >= 80 ORDER BY load_score DESC LIMIT 100$$),
    (13, true,  $$SELECT user_id, assessment_date FROM burnout_risk_assessments WHERE risk_level = 'CRITICAL'$$),
    (14, true,  $$SELECT user_id, predicted_struggle_probability FROM struggle_predictions WHERE topic_id = 't7'$$),
    (15, true,  $$SELECT * FROM learning_objectives WHERE weakness_score >= 0.6 ORDER BY weakness_score DESC LIMIT 20$$),
    (16, true,  $$SELECT * FROM behavioral_goals WHERE deadline >= @ AND deadline < @ + interval '3 days' AND status = 'ACTIVE'$$),
    (17, true,  $$SELECT * FROM intervention_recommendations WHERE user_id = $1 AND status = 'PENDING' ORDER BY priority DESC$$),
    (18, false, $$SELECT * FROM btwin.behavioral_events_window($1, @ - interval '1 day', @)$$),
    (19, true,  $$SELECT * FROM struggle_predictions WHERE user_id = $1 AND prediction_status = 'CONFIRMED' AND prediction_date >= @ - interval '30 days' ORDER BY prediction_date DESC$$),
    (20, false, $$SELECT * FROM btwin.cognitive_load_metrics_window($1, @ - interval '14 days', @)$$),
    (21, true,  $$SELECT assessment_date, risk_level FROM burnout_risk_assessments WHERE user_id = $1 ORDER BY assessment_date DESC LIMIT 1$$),
    (22, true,  $$SELECT * FROM behavioral_goals WHERE user_id = $1 AND status = 'ACTIVE' ORDER BY deadline$$),
    (23, true,  $$SELECT * FROM personalization_effectiveness WHERE user_id = $1 AND start_date >= @ - interval '60 days' AND end_date <= @$$),
    (24, false, $$SELECT * FROM btwin.study_sessions_window($1, @ - interval '42 days', @)$$),
    (25, false, $$SELECT date, retention_score FROM performance_metrics WHERE user_id = $1 AND date >= @ - interval '21 days' AND date < @$$),
    (26, false, $$SELECT date, status FROM missions WHERE user_id = $1 AND date >= @ - interval '14 days' AND date < @$$),
    (27, false, $$SELECT reviewed_at, rating, stability_after FROM reviews WHERE user_id = $1 AND reviewed_at >= @ - interval '30 days' AND reviewed_at < @$$);
UPDATE bench.index_case SET statement = replace(statement, '@', format('timestamptz %L', :'until'));
DO $$BEGIN
    IF EXISTS (SELECT i.number FROM btwin.index_catalog i WHERE i.number IS NOT NULL EXCEPT SELECT c.number FROM bench.index_case c) THEN
        RAISE 'an index of the catalog has no query here';
    END IF;
END$$;
CREATE TABLE bench.index_run (number int, side text, ms float8, buffers float8, way text);

CREATE FUNCTION bench.explain(statement text, learner text, OUT ms float8, OUT buffers float8, OUT way text) LANGUAGE plpgsql AS $$
DECLARE plan json;
BEGIN
    EXECUTE 'EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) ' || replace(statement, '$1', quote_literal(learner)) INTO plan;
    ms := plan -> 0 ->> 'Execution Time';
    buffers := (plan -> 0 -> 'Plan' ->> 'Shared Hit Blocks')::float8 + (plan -> 0 -> 'Plan' ->> 'Shared Read Blocks')::float8;
    way := (SELECT string_agg(DISTINCT m[1], ' + ') FROM regexp_matches(plan::text, '"(?:Index Name|Node Type)": "((?!Index|Bitmap|Limit|Sort|Aggregate|Result|Incremental)[^"]+)"', 'g') AS m);
END $$;

-- One side of one round. The first call, which fills the caches, does not count.
CREATE FUNCTION bench.side(case_number int, statement text, side text, learners text[]) RETURNS bench.index_run[] LANGUAGE plpgsql AS $$
DECLARE
    learner text;
    run     record;
    runs    bench.index_run[] := '{}';
BEGIN
    PERFORM bench.explain(statement, learners[1]);
    FOREACH learner IN ARRAY learners LOOP
        SELECT * INTO run FROM bench.explain(statement, learner);
        runs := runs || ROW(case_number, side, run.ms, run.buffers, run.way)::bench.index_run;
    END LOOP;
    RETURN runs;
END $$;

CREATE PROCEDURE bench.measure(rounds int) LANGUAGE plpgsql AS $$
DECLARE
    sides CONSTANT text[] := '{with,without,bare}';
    part    record;
    side    text;
    gone    text[];
    chosen  text[];
    runs    bench.index_run[];
    begun   timestamptz;
    calls   int[];
BEGIN
    FOR part IN SELECT c.*, i.served_by, i.table_name FROM bench.index_case c JOIN btwin.index_catalog i ON i.number = c.number ORDER BY c.number LOOP
        -- so many calls that a side of a round takes some 300 ms, of which one is not counted
        calls := '{1,1,1}';
        FOR round IN 0..rounds LOOP
            chosen := (SELECT array_agg(s.id) FROM (SELECT u.id FROM users u ORDER BY md5(u.id || round) LIMIT 20) AS s);
            FOR place IN 1..3 LOOP
                side := sides[1 + (place + round) % 3];
                gone := CASE side WHEN 'with' THEN '{}' WHEN 'without' THEN ARRAY[part.served_by]
                                  ELSE (SELECT array_agg(i.served_by) FROM btwin.index_catalog i WHERE i.table_name = part.table_name AND i.created_by_attach) END;
                BEGIN
                    FOR i IN 1..cardinality(gone) LOOP
                        EXECUTE format('DROP INDEX %I', gone[i]);
                    END LOOP;
                    begun := clock_timestamp();
                    runs := bench.side(part.number, part.statement, side, chosen[1:calls[array_position(sides, side)]]);
                    IF round = 0 THEN
                        calls[array_position(sides, side)] := greatest(1, least(20, floor(300 / (500 * extract(epoch FROM clock_timestamp() - begun)) - 1)));
                    END IF;
                    RAISE EXCEPTION SQLSTATE 'TB001';
                EXCEPTION WHEN SQLSTATE 'TB001' THEN
                    NULL;
                END;
                IF round > 0 THEN
                    INSERT INTO bench.index_run SELECT r.* FROM unnest(runs) AS r;
                END IF;
            END LOOP;
        END LOOP;
        COMMIT;
    END LOOP;
END $$;
CALL bench.measure(9);

SELECT (SELECT count(*) FROM users) AS learners, (SELECT count(*) FROM reviews) AS reviews, (SELECT count(*) FROM study_sessions) AS sessions, (SELECT count(*) FROM behavioral_events) AS events;
\pset null ''
\echo medians of a call: execution in ms, pages of 8 kB touched. saved: 100 (1 - with / without); over bare: 100 (1 - with / bare)
CREATE TEMP VIEW median AS
SELECT number, side, count(*) AS n, percentile_cont(0.5) WITHIN GROUP (ORDER BY ms) AS ms, percentile_cont(0.5) WITHIN GROUP (ORDER BY buffers) AS pages, mode() WITHIN GROUP (ORDER BY way) AS way
FROM bench.index_run GROUP BY number, side;
SELECT c.number AS no, i.table_name || ' ' || i.columns AS index, CASE WHEN c.generated THEN 'generated' ELSE 'simulated' END AS rows,
       round(w.ms::numeric, 3) AS ms, round(o.ms::numeric, 3) AS without, round(b.ms::numeric, 3) AS bare,
       round((100 * (1 - w.ms / o.ms))::numeric) AS "saved %", round((100 * (1 - w.ms / b.ms))::numeric) AS "over bare %", i.claim,
       w.pages, o.pages AS without, b.pages AS bare,
       CASE WHEN w.way LIKE '%' || i.served_by || '%' THEN 'yes' ELSE 'no' END AS used, coalesce(o.way, '') AS "without it"
FROM bench.index_case c
JOIN btwin.index_catalog i ON i.number = c.number
JOIN median w ON w.number = c.number AND w.side = 'with'
JOIN median o ON o.number = c.number AND o.side = 'without'
JOIN median b ON b.number = c.number AND b.side = 'bare'
ORDER BY c.number;
SELECT pg_size_pretty(sum(size_bytes)) AS size_of_the_27 FROM btwin.index_catalog WHERE number IS NOT NULL;
