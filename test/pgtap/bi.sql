-- The BI views: what they are declared as, what they say of a small history
-- whose numbers can be worked out by hand, whom they do not count.
\set QUIET on
SET client_min_messages = error;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS btwin;
SELECT plan(70);
SET btwin.bi_as_of = '2024-03-11 12:00Z';    -- a Monday

SELECT throws_ok('SELECT * FROM btwin.refresh_bi()', 'TW001', NULL, 'refresh before attach');
CREATE TEMP TABLE attached AS SELECT * FROM btwin.attach('public', default_time_zone => 'UTC');
SELECT is((SELECT string_agg(object, ' ' ORDER BY object COLLATE "C") FROM attached WHERE kind = 'bi' AND action = 'created'),
          'btwin.bi_refresh btwin_bi.burnout_distribution btwin_bi.calendar btwin_bi.catalog btwin_bi.cohort_retention btwin_bi.daily_activity btwin_bi.habit_distribution btwin_bi.learner_burnout btwin_bi.learner_day btwin_bi.learner_habit btwin_bi.load_hour btwin_bi.model_quality btwin_bi.statement_latency btwin_bi.strategy_performance btwin_bi.struggle_topic',
          'attach makes the views');
SELECT is_empty($$SELECT object, action, detail FROM attached WHERE kind = 'bi' AND detail LIKE 'not filled%'$$, 'and fills them');
SELECT is_empty($$SELECT object, action FROM btwin.attach() WHERE action <> 'found'$$, 'a second attach finds them');

-- Declaration

SELECT is_empty($$SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = 'btwin_bi'
                  AND data_type NOT IN ('text', 'boolean', 'integer', 'bigint', 'double precision', 'date', 'timestamp with time zone')$$, 'every column has a plain type');
SELECT is_empty($$SELECT c.relname, a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 WHERE c.relnamespace = 'btwin_bi'::regnamespace AND a.atttypid = 'text'::regtype AND a.attcollation <> 100$$, 'texts compare with any other');
SELECT is((SELECT count(DISTINCT table_name) FROM information_schema.columns WHERE table_schema = 'btwin_bi'), 14::bigint, 'of 14 views that information_schema shows');
SELECT results_eq($$SELECT table_name::text COLLATE "default", column_name::text COLLATE "default", data_type::text COLLATE "default" FROM information_schema.columns WHERE table_schema = 'btwin_bi' ORDER BY table_name COLLATE "C", ordinal_position$$,
                  $$SELECT view_name, column_name, data_type FROM btwin_bi.catalog ORDER BY view_name COLLATE "C", column_position$$, 'the catalog says what there is, itself included');
SELECT is_empty($$SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'btwin_bi' AND column_name !~ '^[a-z][a-z0-9_]*$'$$, 'names need no quotes');
SELECT is_empty($$SELECT c.relname, a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
                  WHERE c.relnamespace = 'btwin_bi'::regnamespace AND coalesce(col_description(c.oid, a.attnum), '') !~ '^.+\. Unit: .+\. Range: .+\. Grain: .+\.$'$$, 'every column has a comment with unit, range and grain');
SELECT is_empty($$SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'btwin_bi'::regnamespace AND coalesce(obj_description(c.oid, 'pg_class'), '') !~ '^.+\. Unit: .+\. Range: .+\. Grain: .+\. Freshness: .+\.$'$$, 'so has every view');
SELECT is_empty($$SELECT v.view_name FROM (SELECT DISTINCT view_name FROM btwin_bi.catalog) v
                  WHERE NOT EXISTS (SELECT FROM btwin_bi.catalog c WHERE c.view_name = v.view_name AND c.column_name = 'computed_at' AND c.data_type = 'timestamp with time zone')
                     OR NOT EXISTS (SELECT FROM btwin_bi.catalog c WHERE c.view_name = v.view_name AND c.column_name LIKE 'n\_%')$$, 'every view has computed_at and a count');
SELECT is_empty($$SELECT c.view_name, c.column_name FROM btwin_bi.catalog c WHERE c.column_name ~ '_(ratio|mean)$' AND c.column_name NOT IN ('confidence_mean')
                  AND NOT EXISTS (SELECT FROM btwin_bi.catalog d WHERE d.view_name = c.view_name AND d.column_comment ~ ('denominator.*\m' || c.column_name || '\M'))$$, 'every ratio and mean has its denominator beside it');
SELECT is_empty($$SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'btwin'::regnamespace AND c.relkind = 'm'
                  AND NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisunique AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL)$$, 'every materialized view has a plain unique index');
SELECT is((SELECT count(*) FROM pg_class c WHERE c.relnamespace = 'btwin'::regnamespace AND c.relkind = 'm' AND c.relispopulated), 12::bigint, 'and is filled');
SELECT is_empty($$SELECT c.relname FROM pg_class c, aclexplode(c.relacl) a WHERE c.relnamespace IN ('btwin_bi'::regnamespace) AND a.grantee <> c.relowner$$, 'nothing is granted to anybody');

-- Without any rows

CREATE FUNCTION pg_temp.rows_of_all() RETURNS text LANGUAGE plpgsql AS $$
DECLARE part name; n bigint; line text := '';
BEGIN
    FOR part IN SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'btwin_bi'::regnamespace AND c.relname NOT IN ('catalog', 'statement_latency') ORDER BY c.relname COLLATE "C" LOOP
        EXECUTE format('SELECT count(*) FROM btwin_bi.%I', part) INTO n;
        line := line || format('%s %s ', part, n);
    END LOOP;
    RETURN line;
END $$;
SELECT is(pg_temp.rows_of_all(), 'burnout_distribution 0 calendar 400 cohort_retention 0 daily_activity 0 habit_distribution 0 learner_burnout 0 learner_day 0 learner_habit 0 load_hour 0 model_quality 0 strategy_performance 0 struggle_topic 0 ', 'without rows there are only days');
SELECT is((SELECT count(*) FROM btwin.refresh_bi() WHERE action = 'refreshed' AND detail IS NULL), 12::bigint, 'they refresh all the same');
SELECT is((SELECT format('%s %s %s %s %s', min(day), max(day), bool_and(weekday_name = trim(to_char(day, 'Day'))), bool_and(extract(isodow FROM week) = 1 AND day - week BETWEEN 0 AND 6), count(*) FILTER (WHERE n_days_ago = 0)) FROM btwin_bi.calendar),
          '2023-02-06 2024-03-11 t t 1', 'the calendar: 400 days up to that of the moment');

-- A history. u01 to u10 study on Tuesday 2024-03-05, one session of 30 minutes
-- and 4 answers, one of them AGAIN; u01 to u09 again on Wednesday. x1 is not
-- counted, x2 not analysed; both do the same, ten times over. u10 lives in
-- Berlin, an hour ahead.
INSERT INTO users (id, include_in_analytics, behavioral_analysis_enabled, share_anonymized_patterns)
SELECT 'u' || to_char(g, 'FM00'), true, true, g <> 10 FROM generate_series(1, 12) g UNION ALL SELECT 'v' || to_char(g, 'FM00'), true, true, true FROM generate_series(1, 20) g
UNION ALL SELECT 'h' || to_char(g, 'FM00'), true, true, true FROM generate_series(1, 13) g UNION ALL VALUES ('x1', false, true, true), ('x2', true, false, true);
INSERT INTO btwin.learner (user_id, time_zone) VALUES ('u10', 'Europe/Berlin');
INSERT INTO courses (id, user_id, name) SELECT 'a' || id, id, CASE id WHEN 'u01' THEN ' anatomy ' ELSE 'Anatomy' END FROM users UNION ALL SELECT 'p' || id, id, 'Physiology' FROM users;
INSERT INTO lectures (id, user_id, course_id, title) SELECT 'l' || id, user_id, id, 't' FROM courses;
INSERT INTO learning_objectives (id, lecture_id, objective) SELECT 'o' || id, id, 'o' FROM lectures;
INSERT INTO cards (id, course_id, front) SELECT 'c' || id, 'a' || id, 'f' FROM users;
CREATE TEMP TABLE studied AS
SELECT id AS learner, d AS day, k AS number, CASE WHEN id LIKE 'x%' THEN 10 ELSE 1 END AS times
FROM users, generate_series(date '2024-03-05', '2024-03-06', '1 day') AS g (t), LATERAL (SELECT t::date) AS x (d), generate_series(1, 10) k
WHERE (id <= 'u09' AND id LIKE 'u%' OR id = 'u10' AND d = '2024-03-05') AND k = 1 OR id LIKE 'x%';
INSERT INTO study_sessions (id, user_id, started_at, completed_at, duration_ms)
SELECT format('%s-%s-%s', learner, day, number), learner, day + interval '10 hours', day + interval '10 hours 30 minutes', 1800000 FROM studied;
INSERT INTO reviews (id, user_id, card_id, session_id, rating, time_spent_ms, reviewed_at)
SELECT format('%s-%s-%s-%s', learner, day, number, g), learner, 'c' || learner, format('%s-%s-%s', learner, day, number), CASE g WHEN 3 THEN 'AGAIN' ELSE 'GOOD' END, 5000, day + interval '10 hours' + g * interval '1 minute'
FROM studied, generate_series(1, 4) g;
INSERT INTO behavioral_events (id, user_id, event_type, event_data, "timestamp", content_type, session_performance_score)
SELECT format('%s-%s-%s', learner, day, number), learner, 'SESSION_ENDED', jsonb_build_object('sessionId', format('%s-%s-%s', learner, day, number)), day + interval '10 hours 30 minutes', 'lecture', 80 FROM studied;
-- load: at 11:00 for u01 to u09, for u10 at 10:30 UTC, 11:30 in Berlin, the day after; at 15:00 for nine
INSERT INTO cognitive_load_metrics (id, user_id, load_score, stress_indicators, confidence_level, "timestamp")
SELECT 'm' || id, id, 50, '[]'::jsonb, 0.5, timestamptz '2024-03-05 11:00Z' FROM users WHERE id <= 'u09' AND id LIKE 'u%' OR id LIKE 'x%'
UNION ALL SELECT 'n' || id, id, 70, '[]'::jsonb, 0.5, timestamptz '2024-03-05 15:00Z' FROM users WHERE id <= 'u09' AND id LIKE 'u%' OR id LIKE 'x%'
UNION ALL VALUES ('mu10', 'u10', 90, '[]'::jsonb, 0.5, timestamptz '2024-03-06 10:30Z');
INSERT INTO missions (id, user_id, date, status, objectives) SELECT 'm' || id, id, '2024-03-05 08:00Z', CASE WHEN id <= 'u06' THEN 'COMPLETED' ELSE 'SKIPPED' END, '[]' FROM users WHERE id LIKE 'u%' OR id LIKE 'x%';
-- predictions of Anatomy for ten with outcomes, of Physiology for nine without
INSERT INTO struggle_predictions (id, user_id, learning_objective_id, topic_id, predicted_struggle_probability, prediction_confidence, struggling_factors, prediction_date, predicted_at, actual_outcome, actual_outcome_recorded_at)
SELECT 'a' || id, id, 'ola' || id, CASE WHEN id <> 'u02' THEN 'a' || id END, CASE WHEN id <= 'u05' THEN 0.7 ELSE 0.3 END, 0.5, '{}'::jsonb, timestamptz '2024-03-20Z', timestamptz '2024-03-01 10:00Z', id <= 'u04', timestamptz '2024-03-07 10:00Z' FROM users WHERE id <= 'u10' AND id LIKE 'u%' OR id LIKE 'x%'
UNION ALL SELECT 'p' || id, id, 'olp' || id, 'p' || id, 0.9, 0.5, '{}', '2024-03-20Z', '2024-03-01 10:00Z', NULL, NULL FROM users WHERE id <= 'u09' AND id LIKE 'u%';
INSERT INTO personalization_outcomes (id, user_id, outcome_type, context, "timestamp", performance_score, completion_rate, strategy_variant)
SELECT 'b' || id, id, 'SESSION_COMPLETED', 'SESSION', timestamptz '2024-03-05 11:00Z', 0.5, CASE WHEN id <= 'u09' THEN 1.0 END, 'balanced' FROM users WHERE id <= 'u10' AND id LIKE 'u%' OR id LIKE 'x%'
UNION ALL SELECT 'r' || id, id, 'SESSION_COMPLETED', 'SESSION', '2024-03-05 11:00Z', 0.5, 1.0, 'risky' FROM users WHERE id <= 'u09' AND id LIKE 'u%';
-- v01 to v20 begin in the week of 2024-02-05; 12, then 10, then 9 of them come back, then none
INSERT INTO study_sessions (id, user_id, started_at, duration_ms)
SELECT format('%s-%s', u.id, w.week), u.id, timestamptz '2024-02-06 10:00Z' + w.week * interval '7 days', 3600000
FROM users u JOIN (VALUES (0, 20), (1, 12), (2, 10), (3, 9)) AS w (week, n) ON u.id LIKE 'v%' AND substr(u.id, 2)::int <= w.n;
-- h01 to h04 do better with lectures, h05 to h13 with flashcards: two sessions a day, 80 beside 40 and a little more or less
INSERT INTO study_sessions (id, user_id, started_at, duration_ms)
SELECT format('%s-%s-%s', u.id, d, k), u.id, timestamptz '2024-01-01 09:00Z' + d * interval '1 day' + k * interval '5 hours', 1800000
FROM users u, generate_series(0, 39) d, generate_series(0, 1) k WHERE u.id LIKE 'h%';
INSERT INTO behavioral_events (id, user_id, event_type, event_data, "timestamp", content_type, session_performance_score)
SELECT s.id, s.user_id, 'SESSION_ENDED', jsonb_build_object('sessionId', s.id), s.started_at + interval '30 minutes', c.kind, CASE WHEN (c.kind = 'lecture') = (s.user_id <= 'h04') THEN 80 ELSE 40 END + c.day % 3 - 1
FROM study_sessions s, LATERAL (SELECT (ARRAY['lecture', 'flashcard'])[1 + (split_part(s.id, '-', 2)::int + split_part(s.id, '-', 3)::int) % 2], split_part(s.id, '-', 2)::int) AS c (kind, day) WHERE s.user_id LIKE 'h%';

SELECT is((SELECT count(*) FROM btwin_bi.learner_day), 0::bigint, 'nothing shows before a refresh');
SELECT is_empty($$SELECT view_name, detail FROM btwin.refresh_bi() WHERE action <> 'refreshed'$$, 'refresh');

-- Learner and day
SELECT results_eq($$SELECT day, day_number, is_active, n_sessions, study_minutes, n_reviews, n_recalled, recall_ratio, n_missions, n_missions_completed, mission_completion_ratio, n_loads, load_sum, load_mean, load_level, n_scores, round(score_sum::numeric, 6), computed_at
                    FROM btwin_bi.learner_day WHERE user_id = 'u01' ORDER BY day$$,
    -- 30 minutes; 3 of 4 recalled; the mission done; loads 50 and 70; a score of 80 of 100
    $$VALUES (date '2024-03-05', 0, true, 1, 30::float8, 4::bigint, 3::bigint, 0.75::float8, 1, 1, 1::float8, 2, 120::float8, 60::float8, 'HIGH', 1, 0.8, timestamptz '2024-03-11 12:00Z'),
             (date '2024-03-06', 1, true, 1, 30::float8, 4, 3, 0.75::float8, 0, 0, NULL, 0, 0, NULL, NULL, 1, 0.8, timestamptz '2024-03-11 12:00Z')$$, 'what a learner did');
SELECT results_eq($$SELECT day, day_number, is_active, n_loads, n_missions_skipped FROM btwin_bi.learner_day WHERE user_id IN ('u10', 'u11') ORDER BY user_id, day$$,
    $$VALUES (date '2024-03-05', 0, true, 0, 1), (date '2024-03-06', 1, false, 1, 0), (date '2024-03-05', NULL, false, 0, 1)$$, 'a day with a load or a skipped mission alone is a row, and not active');
SELECT is_empty($$SELECT * FROM btwin_bi.learner_day WHERE user_id LIKE 'x%'$$, 'nobody who opted out');

-- Day: Tuesday has 10 active learners, Wednesday 9
SELECT results_eq($$SELECT n_learners, shared, n_sessions, study_minutes, minutes_per_learner, n_reviews, n_recalled, recall_ratio FROM btwin_bi.daily_activity WHERE day = '2024-03-05'$$,
    -- 10 x 30 minutes, 10 x 4 answers of which 3 recalled; u10 shares nothing
    $$VALUES (10::bigint, false, 10::bigint, 300::float8, 30::float8, 40::bigint, 30::bigint, 0.75::float8)$$, 'what ten learners did');
SELECT results_eq($$SELECT n_missions, n_missions_completed, n_missions_skipped, mission_completion_ratio, n_loads, load_sum, load_mean, load_level, n_scores, round(score_sum::numeric, 6), round(score_mean::numeric, 6) FROM btwin_bi.daily_activity WHERE day = '2024-03-05'$$,
    -- missions of u01 to u12, 6 of 12 done; loads of nine learners are not told; 10 scores of 0.8
    $$VALUES (12::bigint, 6::bigint, 6::bigint, 0.5::float8, NULL::bigint, NULL::float8, NULL::float8, NULL, 10::bigint, 8.0, 0.8)$$, 'a figure of nine is not told beside those of ten');
SELECT is_empty($$SELECT * FROM btwin_bi.daily_activity WHERE day = '2024-03-06'$$, 'nor is a day of nine');

-- Week of first activity
SELECT results_eq($$SELECT cohort_week, week_number, day, is_complete, n_learners, n_active, retention_ratio FROM btwin_bi.cohort_retention WHERE cohort_week >= '2024-02-05' ORDER BY 1, 2$$,
    -- 12 of 20: the other 8 would be told; 10 of 20: neither; 9 of 20: these would
    $$VALUES (date '2024-02-05', 0, date '2024-02-05', true, 20::bigint, 20::bigint, 1::float8), ('2024-02-05', 1, '2024-02-12', true, 20, NULL, NULL), ('2024-02-05', 2, '2024-02-19', true, 20, 10, 0.5),
             ('2024-02-05', 3, '2024-02-26', true, 20, NULL, NULL), ('2024-02-05', 4, '2024-03-04', true, 20, 0, 0), ('2024-02-05', 5, '2024-03-11', false, 20, 0, 0),
             ('2024-03-04', 0, '2024-03-04', true, 10, 10, 1), ('2024-03-04', 1, '2024-03-11', false, 10, 0, 0)$$, 'who came back, where neither they nor the others are too few');

-- Hour: 11 o'clock for ten, 15 for nine
SELECT results_eq($$SELECT hour, from_day, to_day, n_learners, n_loads, load_sum, load_mean, load_level, n_overloads, overload_ratio FROM btwin_bi.load_hour$$,
    -- 9 x 50 + 90
    $$VALUES (11, date '2023-12-12', date '2024-03-11', 10::bigint, 10::bigint, 540::float8, 54::float8, 'MODERATE', 1::bigint, 0.1::float8)$$, 'load by the hour of the learner''s clock');

-- Topic
SELECT results_eq($$SELECT topic_key, topic, n_learners, n_predictions, n_predicted, predicted_ratio, round(probability_sum::numeric, 6), round(probability_mean::numeric, 6), struggle_level, n_outcomes, n_struggled, struggle_ratio FROM btwin_bi.struggle_topic$$,
    -- 5 x 0.7 + 5 x 0.3; 4 of 10 struggled; u01 writes it in lower case, for u02 the objective leads to the course
    $$VALUES ('anatomy', 'Anatomy', 10::bigint, 10::bigint, 5::bigint, 0.5::float8, 5.0, 0.5, 'MEDIUM', 10::bigint, 4::bigint, 0.4::float8)$$, 'struggle by topic; Physiology has nine');

-- Model
SELECT results_eq($$SELECT day, n_learners, n_predictions, n_struggled, n_true_positive, n_false_positive, n_false_negative, n_true_negative, round(probability_mean::numeric, 6), struggle_ratio FROM btwin_bi.model_quality$$,
    $$VALUES (date '2024-03-04', 10::bigint, 10::bigint, 4::bigint, 4::bigint, 1::bigint, 0::bigint, 5::bigint, 0.5, 0.4::float8)$$, 'predictions of a week');
SELECT results_eq($$SELECT round(brier::numeric, 6), round(brier_constant::numeric, 6), round(brier_skill::numeric, 6), round(log_loss::numeric, 6), round(log_loss_constant::numeric, 6), round(auc::numeric, 6), auc_constant, round(ece::numeric, 6) FROM btwin_bi.model_quality$$,
    -- (9 x 0.09 + 0.49) / 10; 0.4 x 0.6; 1 - 0.13 / 0.24; (9 x -ln 0.7 - ln 0.3) / 10; -(0.4 ln 0.4 + 0.6 ln 0.6);
    -- 4 x 5 pairs in order and 4 ties of 24; half of |0.3 - 0| and half of |0.7 - 0.8|
    $$VALUES (0.13, 0.24, 0.458333, 0.441405, 0.673012, 0.916667, 0.5::float8, 0.2)$$, 'and what they were worth beside the constant');

-- Strategy
SELECT results_eq($$SELECT day, strategy, n_learners, n_outcomes, n_performances, performance_sum, performance_mean, n_completions, completion_mean, n_engagements, engagement_sum, engagement_mean FROM btwin_bi.strategy_performance$$,
    -- 10 x 0.5; completion of nine is not told; of engagement there is none
    $$VALUES (date '2024-03-04', 'balanced', 10::bigint, 10::bigint, 10::bigint, 5::float8, 0.5::float8, NULL::bigint, NULL::float8, 0::bigint, 0::float8, NULL::float8)$$, 'strategies; risky has nine');

-- Habits
SELECT results_eq($$SELECT has_habit, bucket, reason, count(*) FROM btwin_bi.learner_habit WHERE kind = 'content' GROUP BY 1, 2, 3 ORDER BY 4$$,
    $$VALUES (true, 'lecture', NULL, 4::bigint), (true, 'flashcard', NULL, 9), (false, NULL, 'too_few_rows', 10)$$, 'habits of learners');
SELECT results_eq($$SELECT bucket, n_learners, n_learners_total, round(learner_ratio::numeric, 6), confidence_mean > 0.8 FROM btwin_bi.habit_distribution WHERE kind = 'content' ORDER BY 1$$,
    -- 4 and 9 are too few, together they are 13 of 23; ten have too few sessions
    $$VALUES ('OTHER', 13::bigint, 23::bigint, round(13 / 23.0, 6), true), ('UNKNOWN', 10, 23, round(10 / 23.0, 6), NULL)$$, 'and how many have which');
SELECT results_eq($$SELECT bucket, confidence, effect, n_sessions, n_days, reason FROM btwin_bi.learner_habit WHERE user_id = 'h01' AND kind = 'content'$$,
    $$SELECT bucket, confidence, shrunk_effect, evidence_count, days, reason FROM btwin.best_bucket(btwin.learner_pattern('h01', 'content', '2024-03-11 12:00Z'))$$, 'as the reader of habits says');

-- Burnout: the 12 Sundays before 2024-03-10, the last day that was over in all zones
SELECT is((SELECT string_agg(DISTINCT day::text, ' ') FROM btwin_bi.learner_burnout WHERE NOT (day BETWEEN '2023-12-17' AND '2024-03-03' AND extract(dow FROM day) = 0) OR is_latest), '2024-03-10', 'days of burnout risk');
SELECT is_empty($$SELECT b.user_id, b.day, b.risk_score, r.score FROM btwin_bi.learner_burnout b, LATERAL btwin.risk(btwin.learner_burnout(b.user_id, (b.day + 1)::timestamp AT TIME ZONE btwin.learner_time_zone(b.user_id)), b.day) r
                  WHERE (b.risk_score, b.risk_level, b.confidence, b.n_evidence_days) IS DISTINCT FROM (r.score, r.level, r.confidence, r.evidence_days)$$, 'as the reader of burnout says, as of each of the days');
SELECT cmp_ok((SELECT count(*) FROM btwin_bi.learner_burnout), '>', 60::bigint, 'of some learners and days');
SELECT is_empty($$SELECT day, n_learners, n_learners_total FROM btwin_bi.burnout_distribution WHERE n_learners < 10 OR risk_score_mean NOT BETWEEN 0 AND 100$$, 'no level of fewer than ten');
SELECT results_eq($$SELECT day, sum(n_learners)::bigint, min(n_learners_total) FROM btwin_bi.burnout_distribution GROUP BY day ORDER BY day$$,
                  $$SELECT day, count(*), count(*) FROM btwin_bi.learner_burnout GROUP BY day HAVING count(*) >= 10 ORDER BY day$$, 'levels add up to all learners of the day');

-- The store changes nothing

CREATE FUNCTION pg_temp.content() RETURNS text LANGUAGE plpgsql AS $$
DECLARE part record; found text; line text := '';
BEGIN
    FOR part IN SELECT c.view_name, string_agg(CASE c.data_type WHEN 'double precision' THEN format('round(%I::numeric, 9)', c.column_name) ELSE format('%I', c.column_name) END, ', ' ORDER BY c.column_position) AS columns
                FROM btwin_bi.catalog c WHERE c.view_name NOT IN ('catalog', 'statement_latency') GROUP BY 1 ORDER BY 1 LOOP
        EXECUTE format('SELECT md5(string_agg(t::text, E''\n'' ORDER BY t::text COLLATE "C")) FROM (SELECT %s FROM btwin_bi.%I) t', part.columns, part.view_name) INTO found;
        line := line || format('%s %s ', part.view_name, found);
    END LOOP;
    RETURN line;
END $$;
CREATE TEMP TABLE live AS SELECT pg_temp.content() AS content;
SELECT btwin.refresh_now() \g /dev/null
SELECT btwin.refresh_now() \g /dev/null
SELECT cmp_ok((SELECT count(*) FROM btwin.user_day), '>', 100::bigint, 'days are stored');
SELECT is_empty($$SELECT view_name, detail FROM btwin.refresh_bi() WHERE action <> 'refreshed'$$, 'refresh from the store');
SELECT is(pg_temp.content(), (SELECT content FROM live), 'every view says the same');
UPDATE reviews SET rating = 'AGAIN' WHERE id = 'u01-2024-03-05-1-1';
SELECT count(*) FROM btwin.refresh_bi() \g /dev/null
SELECT is((SELECT format('%s of %s', n_recalled, n_reviews) FROM btwin_bi.learner_day WHERE user_id = 'u01' AND day = '2024-03-05'), '2 of 4', 'a noted change of a stored day shows');
UPDATE reviews SET rating = 'GOOD' WHERE id = 'u01-2024-03-05-1-1';

-- Settings

SET btwin.min_cohort = 9;
SELECT count(*) FROM btwin.refresh_bi() \g /dev/null
SELECT results_eq($$SELECT day, n_learners FROM btwin_bi.daily_activity WHERE day >= '2024-03-01'$$, $$VALUES (date '2024-03-05', 10::bigint), ('2024-03-06', 9)$$, 'nine show where nine suffice');
SELECT is((SELECT string_agg(topic_key || ' ' || n_learners, ', ' ORDER BY topic_key) FROM btwin_bi.struggle_topic), 'anatomy 10, physiology 9', 'so for topics');
SELECT is((SELECT string_agg(bucket || ' ' || n_learners, ', ' ORDER BY bucket) FROM btwin_bi.habit_distribution WHERE kind = 'content'), 'OTHER 13, UNKNOWN 10', 'four are too few, and the next smallest must hide them');
SELECT is((SELECT DISTINCT min_cohort FROM btwin_bi.catalog WHERE view_name = 'daily_activity'), 9, 'the catalog tells what was in force');
SET btwin.min_cohort = 14;
SELECT count(*) FROM btwin.refresh_bi() \g /dev/null
SELECT is((SELECT string_agg(bucket || ' ' || n_learners, ', ' ORDER BY bucket) FROM btwin_bi.habit_distribution WHERE kind = 'content'), 'OTHER 23', 'where two small groups together are too few, the third joins them');
SELECT is((SELECT count(*) FROM btwin_bi.daily_activity WHERE day >= '2024-03-01'), 0::bigint, 'ten are not fourteen');
SET btwin.min_cohort = 'ten';
SELECT results_eq($$SELECT view_name FROM btwin.refresh_bi() WHERE action = 'failed' ORDER BY 1$$,
                  $$VALUES ('burnout_distribution'), ('calendar'), ('cohort_retention'), ('daily_activity'), ('habit_distribution'), ('learner_burnout'), ('learner_day'), ('learner_habit'), ('load_hour'), ('model_quality'), ('strategy_performance'), ('struggle_topic')$$, 'a setting that is no number fails');
RESET btwin.min_cohort;

SELECT btwin.refresh_bi() \g /dev/null
-- A view that fails stops no other and stays as it was
BEGIN;
CREATE OR REPLACE FUNCTION btwin._bi_load_hour()
RETURNS TABLE (hour integer, from_day date, to_day date, n_learners bigint, shared boolean, n_loads bigint, load_sum double precision, n_overloads bigint) LANGUAGE plpgsql STABLE
AS $$BEGIN RAISE EXCEPTION 'no'; END$$;
UPDATE btwin.bi_refresh SET computed_at = '2000-01-01Z';
SELECT results_eq($$SELECT view_name, detail FROM btwin.refresh_bi() WHERE action <> 'refreshed'$$, $$VALUES ('load_hour', 'no (SQLSTATE P0001)')$$, 'one fails');
SELECT results_eq($$SELECT n_learners, computed_at FROM btwin_bi.load_hour$$, $$VALUES (10::bigint, timestamptz '2000-01-01Z')$$, 'it stays as it was');
SELECT results_eq($$SELECT DISTINCT n_failures, error FROM btwin_bi.catalog WHERE view_name IN ('load_hour', 'model_quality') ORDER BY 1$$, $$VALUES (0, NULL), (1, 'no (SQLSTATE P0001)')$$, 'the catalog says so');
ROLLBACK;

-- Opting out, being forgotten

CREATE FUNCTION pg_temp.traces(learner text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE part record; found boolean; names text[] := '{}';
BEGIN
    FOR part IN SELECT c.oid::regclass AS relation FROM pg_class c WHERE c.relnamespace = 'btwin'::regnamespace AND c.relkind = 'm' OR c.relnamespace = 'btwin_bi'::regnamespace AND c.relname <> 'catalog' ORDER BY c.relname LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM %s t WHERE strpos(t::text, %L) > 0)', part.relation, learner) INTO found;
        IF found THEN
            names := names || part.relation::text;
        END IF;
    END LOOP;
    RETURN array_to_string(names, ' ');
END $$;
SELECT is(pg_temp.traces('u01'), 'btwin.bi_learner_burnout btwin.bi_learner_day btwin.bi_learner_habit btwin_bi.learner_burnout btwin_bi.learner_day btwin_bi.learner_habit', 'where a learner shows');
UPDATE users SET include_in_analytics = false WHERE id = 'u01';
SELECT is(pg_temp.traces('u01'), 'btwin.bi_learner_burnout btwin.bi_learner_day btwin.bi_learner_habit', 'who opts out is gone from the views at once');
SELECT is_empty($$SELECT view_name, detail FROM btwin.refresh_bi() WHERE action <> 'refreshed'$$, 'refresh right after');
SELECT is(pg_temp.traces('u01'), '', 'and from what they read');
-- nine are left of the ten of Tuesday and of the balanced strategy
SELECT is((SELECT count(*) FROM btwin_bi.daily_activity WHERE day >= '2024-03-01') + (SELECT count(*) FROM btwin_bi.strategy_performance) + (SELECT count(*) FROM btwin_bi.model_quality)
          + (SELECT count(*) FROM btwin_bi.struggle_topic) + (SELECT count(*) FROM btwin_bi.load_hour), 0::bigint, 'groups that are now too small are gone');
UPDATE users SET include_in_analytics = true WHERE id = 'u01';
SELECT count(*) FROM btwin.forget_user('u02', application_tables => true) \g /dev/null
SELECT is_empty($$SELECT view_name, detail FROM btwin.refresh_bi() WHERE action <> 'refreshed'$$, 'refresh right after forget_user');
SELECT is(pg_temp.traces('u02'), '', 'who is forgotten is in none of them');
UPDATE users SET behavioral_analysis_enabled = false WHERE id = 'v01';
SELECT count(*) FROM btwin.refresh_bi() \g /dev/null
SELECT is((SELECT DISTINCT n_learners FROM btwin_bi.cohort_retention WHERE cohort_week = '2024-02-05'), 19::bigint, 'nor counted in a cohort, nor is who switched analysis off');

-- Detach, attach, another declaration
SELECT results_eq($$SELECT object, action FROM btwin.detach() WHERE kind = 'bi' ORDER BY object COLLATE "C" LIMIT 3$$, $$VALUES ('btwin.bi_burnout_distribution', 'dropped'), ('btwin.bi_calendar', 'dropped'), ('btwin.bi_cohort_retention', 'dropped')$$, 'detach drops them');
SELECT is((SELECT count(*) FROM pg_class c WHERE c.relnamespace = 'btwin_bi'::regnamespace OR c.relnamespace = 'btwin'::regnamespace AND c.relkind = 'm'), 0::bigint, 'all');
SELECT is((SELECT count(*) FROM btwin.attach() WHERE kind = 'bi' AND action = 'created'), 15::bigint, 'attach makes them again');
SELECT is((SELECT DISTINCT n_learners FROM btwin_bi.cohort_retention WHERE cohort_week = '2024-02-05'), 19::bigint, 'filled');
UPDATE btwin.bi_view SET comment = comment || ' (changed)' WHERE view_name = 'learner_day';
SELECT results_eq($$SELECT object FROM btwin.attach() WHERE action = 'changed' ORDER BY object COLLATE "C"$$, $$VALUES ('btwin_bi.cohort_retention'), ('btwin_bi.daily_activity'), ('btwin_bi.learner_day')$$, 'another declaration: that view is made anew, and those that read it');
SELECT is((SELECT count(*) FROM pg_catalog.pg_class c WHERE c.relnamespace = 'btwin'::regnamespace AND c.relkind = 'm'), 12::bigint, 'all are there');
SELECT count(*) FROM btwin.detach() \g /dev/null
CREATE TABLE btwin_bi.calendar (day date);
SELECT throws_ok('SELECT * FROM btwin.attach()', '42710', 'btwin_bi.calendar exists already', 'a name taken by something else');
SELECT * FROM finish();
