-- The store: an answer is the same before a refresh, after it, and after any
-- change; verify() finds what is not; a learner can be exported and forgotten.
\set QUIET on
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS btwin;
SELECT plan(64);

SELECT throws_ok($$SELECT * FROM btwin.learner_states('{a}')$$, 'TW001', NULL, 'before attach: TW001');
SELECT throws_ok($$SELECT btwin.refresh_now()$$, 'TW001', NULL, 'refresh before attach: TW001');
CREATE TEMP TABLE attached AS SELECT * FROM btwin.attach('public', default_time_zone => 'Europe/Berlin');
SELECT is((SELECT string_agg(object, ' ' ORDER BY object) FROM attached WHERE kind = 'store' AND action = 'created'),
          'btwin.late_change btwin.refresh_clock btwin.refresh_run btwin.store_content btwin.store_partition btwin.user_day btwin.user_mark btwin.user_month btwin.user_total', 'attach makes the store');
SELECT is_empty($$SELECT object, action FROM btwin.attach() WHERE kind IN ('store', 'trigger', 'function') AND action <> 'found'$$, 'a second attach finds it');

-- In Berlin the clock goes from 2 to 3 in the night to 2024-03-31, a Sunday.
INSERT INTO users (id, behavioral_analysis_enabled) VALUES ('a', true), ('b', false), ('c', true);
INSERT INTO courses (id, user_id, name) VALUES ('k', 'a', 'course');
INSERT INTO cards (id, course_id, front, back) VALUES ('k1', 'k', 'f', 'b');
INSERT INTO study_sessions (id, user_id, started_at, duration_ms) VALUES
    ('s1', 'a', '2024-03-30 22:30Z', 1800000),   -- 23:30 on Saturday 30, 30 minutes
    ('s2', 'a', '2024-03-30 23:30Z', 2400000),   -- 00:30 on Sunday 31, 40 minutes
    ('s3', 'a', '2024-03-31 01:30Z', 3000000),   -- 03:30, the hour after the gap, 50 minutes
    ('s4', 'a', '2024-04-10 10:00Z', 1200000),   -- 12:00, 20 minutes, nobody reported a score
    ('s5', 'a', '2024-03-31 10:00Z', NULL),      -- its report came too late
    ('b1', 'b', '2024-03-30 22:30Z', 1800000);
INSERT INTO behavioral_events (id, user_id, event_type, event_data, "timestamp", content_type, session_performance_score) VALUES
    ('e1', 'a', 'SESSION_ENDED', '{"sessionId": "s1"}', '2024-03-31 00:10Z', 'lecture', 80),    -- of the day before
    ('e2', 'a', 'SESSION_ENDED', '{"sessionId": "s2"}', '2024-03-30 23:59Z', 'lecture', 60),
    ('e2+', 'a', 'SESSION_ENDED', '{"sessionId": "s2"}', '2024-03-30 23:59Z', 'lecture', 60),   -- sent twice
    ('e3', 'a', 'SESSION_ENDED', '{"sessionId": "s3"}', '2024-04-01 21:59Z', 'flashcard', 70),  -- 23:59 on the day after: counts
    ('e5', 'a', 'SESSION_ENDED', '{"sessionId": "s5"}', '2024-04-01 22:00Z', 'flashcard', 10),  -- midnight: does not
    ('f1', 'b', 'SESSION_ENDED', '{"sessionId": "b1"}', '2024-03-30 23:10Z', 'lecture', 80);
INSERT INTO reviews (id, user_id, card_id, session_id, rating, time_spent_ms, reviewed_at)
SELECT 'r' || g, 'a', 'k1', 's4', CASE g WHEN 2 THEN 'AGAIN' ELSE 'GOOD' END, 5000, timestamptz '2024-04-10 10:00Z' + g * interval '1 minute' FROM generate_series(1, 4) g;
INSERT INTO cognitive_load_metrics (id, user_id, load_score, stress_indicators, confidence_level, "timestamp") VALUES ('l1', 'a', 55, '[]', 0.5, '2024-03-30 23:10Z');
INSERT INTO missions (id, user_id, date, status, estimated_minutes, objectives) VALUES ('m1', 'a', '2024-03-30 23:00Z', 'SKIPPED', 30, '[]');
INSERT INTO personalization_outcomes (id, user_id, outcome_type, context, "timestamp", performance_score, strategy_variant) VALUES
    ('o1', 'a', 'SESSION_COMPLETED', 'SESSION', '2024-03-30 23:10Z', 0.8, 'balanced'), ('o2', 'a', 'SESSION_COMPLETED', 'SESSION', '2024-04-10 11:00Z', 0.4, 'balanced');
INSERT INTO lectures (id, user_id, course_id, title, file_name, file_url, file_size) VALUES ('v', 'a', 'k', 't', 'f', 'u', 1);
INSERT INTO learning_objectives (id, lecture_id, objective, extracted_by, complexity) VALUES ('g', 'v', 'o', 'x', 'BASIC');
INSERT INTO struggle_predictions (id, user_id, learning_objective_id, predicted_struggle_probability, prediction_confidence, feature_vector, struggling_factors, prediction_date, actual_outcome, actual_outcome_recorded_at) VALUES
    ('p1', 'a', 'g', 0.6, 0.5, '{"retentionScore": 0.2, "workload_level": 0.9, "validationScore": "?", "daysUntilExam": 7}', '{}', '2024-03-28 10:00Z', true, '2024-04-02 10:00Z'),
    ('p2', 'a', 'g', 0.6, 0.5, '{"retentionScore": 0.2}', '{}', '2024-03-28 10:00Z', NULL, NULL),
    ('p3', 'a', 'g', 0.6, 0.5, '{"retentionScore": 0.2}', '{}', '2023-11-01 10:00Z', false, '2024-04-02 10:00Z');   -- 153 days before its outcome

SELECT is(btwin.stored_struggle_vector('{"retentionScore": 0.2, "workload_level": 0.9, "validationScore": "?", "daysUntilExam": 7}')::text,
          '{0.2,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,0.9}', 'features by name in either spelling, what is no share is unknown');

CREATE VIEW counted AS
SELECT string_agg(format('%s %s %s', s.family, s.n_rows, round(s.total::numeric, 6)), ', ' ORDER BY f.position) AS line
FROM btwin.learner_states('{a,b,c,nobody}', NULL, '2024-05-01Z') s JOIN btwin.store_family f USING (family);
-- 0.8 + 0.6 + 0.7; 3 of 4 answers; minutes 30 + 40 + 50 + 20; rows of burnout: 5 sessions, 1 load, 4 reviews, 1 mission, 5 ends
CREATE FUNCTION expected() RETURNS text LANGUAGE sql AS $$SELECT
'hour 3 2.100000, weekday 3 2.100000, content 3 2.100000, length 3 2.100000, hour_answered 1 0.750000, weekday_answered 1 0.750000, length_answered 1 0.750000, forgetting 4 3.000000, struggle 1 1.000000, load 1 20.000000, burnout 16 140.000000, bandit 2 1.200000'$$;
-- a twin in plain aggregates over the same tables
CREATE VIEW twin AS
SELECT (SELECT btwin.pattern_agg(hour, score, day) FROM (VALUES (23, 0.8::float8, '2024-03-30'::date), (0, 0.6, '2024-03-31'), (3, 0.7, '2024-03-31')) v(hour, score, day)) AS hours,
       (SELECT btwin.pattern_agg(wd, score, day) FROM (VALUES (6, 0.8::float8, '2024-03-30'::date), (0, 0.6, '2024-03-31'), (0, 0.7, '2024-03-31')) v(wd, score, day)) AS weekdays,
       (SELECT btwin.forgetting_agg(card_id, reviewed_at, rating <> 'AGAIN') FROM reviews) AS forgetting,
       (SELECT btwin.bandit_agg('balanced', x) FROM unnest('{0.8,0.4}'::float8[]) x) AS bandit;
CREATE VIEW same AS
SELECT (SELECT array_agg(b ORDER BY b::text) FROM btwin.buckets(btwin.learner_pattern('a', 'hour', '2024-05-01Z')) b)::text = (SELECT array_agg(b ORDER BY b::text) FROM btwin.buckets(hours) b)::text
       AND (SELECT array_agg(b ORDER BY b::text) FROM btwin.buckets(btwin.learner_pattern('a', 'weekday', '2024-05-01Z')) b)::text = (SELECT array_agg(b ORDER BY b::text) FROM btwin.buckets(weekdays) b)::text
       AND btwin.half_life(btwin.learner_forgetting('a', '2024-05-01Z')) = btwin.half_life(forgetting)
       AND (SELECT array_agg(c::text) FROM btwin.cards(btwin.learner_forgetting('a', '2024-05-01Z')) c) = (SELECT array_agg(c::text) FROM btwin.cards(forgetting) c)
       AND btwin.learner_bandit('a', '2024-05-01Z')::text = bandit::text
       AND (btwin.baseline_summary(btwin.learner_load('a', '2024-05-01Z'))).sessions = 1
       AND btwin.evidence_count(btwin.learner_struggle('a', '2024-05-01Z')) = 1
       AND btwin.learner_burnout('a', '2024-05-01Z')::jsonb IS NOT NULL AS ok
FROM twin;

SELECT is(line, expected(), 'before the first refresh everything is worked out live') FROM counted;
SELECT ok(ok, 'states say what plain aggregates say') FROM same;
SELECT is((SELECT count(*) FROM btwin.user_day), 0::bigint, 'nothing is stored yet');
SELECT is((SELECT string_agg(bucket, ' ' ORDER BY bucket::int) FROM btwin.buckets(btwin.learner_pattern('a', 'hour', '2024-05-01Z'))), '0 3 23', 'hours of the learner''s clock across the change');

-- as of a moment: rows at or after it do not count, those of joined tables neither
SELECT results_eq($$SELECT family, n_rows, round(total::numeric, 6) FROM btwin.learner_states('{a}', '{hour,weekday}', '2024-03-31 00:00Z') ORDER BY 1$$,
                  $$VALUES ('hour', 1::bigint, 0.6), ('weekday', 1, 0.6)$$, 'a report that came later is not known yet');
SELECT is_empty($$SELECT * FROM btwin.learner_states('{a}', NULL, '2023-10-01Z')$$, 'before the first row there is nothing');
-- the window of the habits is 182 days: the last day with s4 in it is 2024-04-10 + 181 = 2024-10-08
SELECT is((SELECT array_agg(family) FROM btwin.learner_states('{a}', '{hour,hour_answered}', '2024-10-08 21:59Z')), '{hour_answered}', 'habits read 182 days: the last one');
SELECT is_empty($$SELECT * FROM btwin.learner_states('{a}', '{hour,hour_answered}', '2024-10-08 22:01Z')$$, 'and a day later');

SELECT is(btwin.learner_pattern('b', 'hour', '2024-05-01Z')::text, NULL, 'who switched analysis off has no answer');
SELECT is(btwin.learner_forgetting('nobody')::text, NULL, 'nor has who is unknown');
SELECT is(btwin.learner_burnout('c')::text, NULL, 'nor who has no rows');
SELECT is(btwin.learner_pattern(NULL, 'hour')::text, NULL, 'nor NULL');
SELECT throws_ok($$SELECT btwin.learner_pattern('a', 'month')$$, '22023', 'kind of habit "month" is not known', 'another kind');
SELECT throws_ok($$SELECT btwin.learner_states('{a}', '{hour,mood}')$$, '22023', 'family "mood" is not known', 'another family');
SELECT throws_ok($$SELECT btwin.learner_load('a', 'infinity')$$, '22008', NULL, 'an infinite moment');

-- refresh: the first one may close nothing, it has only just begun to watch; old rows of a and b were noted when they came
SELECT is(btwin.refresh_now(), 'done: 2 of 2 learners, 0 day rows', 'nothing can be closed yet');
-- March 30: hour, weekday, content, length, burnout; 31: these and bandit; April 1: burnout (an end); 2: burnout (an end), struggle;
-- 10: hour, weekday, length answered, forgetting, load, burnout, bandit: 5 + 6 + 1 + 2 + 7
SELECT is(btwin.refresh_now(), 'done: 2 of 2 learners, 21 day rows', 'then days are closed, of those who are analysed');
SELECT is(line, expected(), 'after the refresh') FROM counted;
SELECT ok(ok, 'states say what plain aggregates say') FROM same;
SELECT is(btwin.refresh_now(), 'done: 0 of 0 learners, 0 day rows', 'a second refresh has nothing to do');
SELECT results_eq($$SELECT user_id, time_zone, closed_through BETWEEN current_date - 6 AND current_date - 4 FROM btwin.user_mark ORDER BY 1$$,
                  $$VALUES ('a', 'Europe/Berlin', true), ('c', 'Europe/Berlin', true)$$, 'watermarks');
SELECT is_empty($$SELECT * FROM btwin.verify()$$, 'verify finds nothing');
SELECT results_eq($$SELECT family, n_rows, round(total::numeric, 6) FROM btwin.learner_states('{a}', '{hour,weekday}', '2024-03-31 00:00Z') ORDER BY 1$$,
                  $$VALUES ('hour', 1::bigint, 0.6), ('weekday', 1, 0.6)$$, 'as of a moment long closed');

-- changes of old rows
UPDATE reviews SET rating = 'GOOD' WHERE id = 'r2';
DELETE FROM behavioral_events WHERE id = 'e1';
UPDATE study_sessions SET started_at = '2024-04-10 03:00Z' WHERE id = 's2';     -- 05:00 on the 10th: its report is no longer near
INSERT INTO personalization_outcomes (id, user_id, outcome_type, context, "timestamp", performance_score, strategy_variant) VALUES ('o3', 'a', 'SESSION_COMPLETED', 'SESSION', '2024-02-01 11:00Z', 0.5, 'other');
SELECT results_eq($$SELECT DISTINCT user_id, from_day, to_day FROM btwin.late_change ORDER BY 2$$,
                  $$VALUES ('a', '2024-02-01'::date, '2024-02-01'::date), ('a', '2024-03-30', '2024-03-30'), ('a', '2024-03-31', '2024-03-31'), ('a', '2024-04-10', '2024-04-10')$$,
                  'old days are noted, in UTC: of an outcome, of a session from and to, of an event, of a review');
CREATE FUNCTION changed() RETURNS text LANGUAGE sql AS $$SELECT
'hour 1 0.700000, weekday 1 0.700000, content 1 0.700000, length 1 0.700000, hour_answered 1 1.000000, weekday_answered 1 1.000000, length_answered 1 1.000000, forgetting 4 4.000000, struggle 1 1.000000, load 1 20.000000, burnout 15 140.000000, bandit 3 1.700000'$$;
SELECT is(line, changed(), 'answers are right at once') FROM counted;
SELECT is_empty($$SELECT * FROM btwin.verify('a')$$, 'what is noted is not compared');
SELECT matches(btwin.refresh_now(), '^done: 1 of 1 learners', 'refresh folds the changes in');
SELECT is(line, changed(), 'answers are the same') FROM counted;
SELECT is_empty($$SELECT * FROM btwin.late_change$$, 'the notes are taken');
SELECT is_empty($$SELECT * FROM btwin.verify()$$, 'verify finds nothing');
SELECT is((SELECT n_rows FROM btwin.user_total WHERE user_id = 'a' AND family = 'bandit'), 3::bigint, 'the total has the outcome of February');

-- another calendar: nothing stored counts until a refresh. In New York s3 is of the 30th, and its report two days away; s5 is at 6 on the 31st,
-- and its report at 18 on the next day
INSERT INTO btwin.learner (user_id, time_zone) VALUES ('a', 'America/New_York');
SELECT is((SELECT string_agg(bucket, ' ' ORDER BY bucket::int) FROM btwin.buckets(btwin.learner_pattern('a', 'hour', '2024-05-01Z'))), '6', 'the hour of the learner''s new clock');
SELECT matches(btwin.refresh_now(), '^done: 1 of 1 learners', 'refresh works the days out anew');
SELECT is((SELECT string_agg(bucket, ' ' ORDER BY bucket::int) FROM btwin.buckets(btwin.learner_pattern('a', 'hour', '2024-05-01Z'))), '6', 'the same after it');
SELECT is_empty($$SELECT * FROM btwin.verify()$$, 'verify finds nothing');

-- damage is found and healed
UPDATE btwin.user_month SET n_rows = 99 WHERE family = 'hour';
DELETE FROM btwin.user_day WHERE family = 'load';
SELECT isnt((SELECT n_rows FROM btwin.learner_states('{a}', '{hour}', '2024-05-01Z')), 1::bigint, 'a damaged store is read');
SELECT results_eq($$SELECT family, tier, period, problem FROM btwin.verify('a', heal => true) ORDER BY 1, 2$$,
                  $$VALUES ('hour', 'month', '2024-03-01'::date, 'differs'), ('load', 'day', '2024-04-10', 'missing'), ('load', 'month', '2024-04-01', 'surplus')$$, 'verify finds the damage');
SELECT is((SELECT n_rows FROM btwin.learner_states('{a}', '{hour}', '2024-05-01Z')), 1::bigint, 'healed, the answer is right at once');
SELECT lives_ok($$SELECT btwin.refresh_now()$$, 'refresh');
SELECT is_empty($$SELECT * FROM btwin.verify()$$, 'and nothing differs');
SELECT throws_ok($$SELECT * FROM btwin.verify(sample => 0)$$, '22023', NULL, 'a sample of none');

-- reading needs no path and writes nothing
SET search_path = '';
SET default_transaction_read_only = on;
SELECT (btwin.learner_forgetting('a') IS NOT NULL) AND (btwin.learner_struggle('a') IS NOT NULL) AND (btwin.learner_load('a') IS NOT NULL) AND (btwin.learner_bandit('a') IS NOT NULL)
       AND (btwin.learner_pattern('a', 'hour', '2024-05-01Z') IS NOT NULL) AND (btwin.learner_burnout('a', '2024-05-01Z') IS NOT NULL) AS answered \gset
RESET default_transaction_read_only;
RESET search_path;
SELECT ok(:'answered', 'read only, with an empty path');

-- who switches analysis off leaves the store; who comes back is answered from live rows
UPDATE users SET behavioral_analysis_enabled = false WHERE id = 'a';
SELECT is(btwin.learner_forgetting('a')::text, NULL, 'off at once');
SELECT lives_ok($$SELECT btwin.refresh_now()$$, 'refresh');
SELECT is_empty($$SELECT 'day' FROM btwin.user_day WHERE user_id = 'a' UNION ALL SELECT 'mark' FROM btwin.user_mark WHERE user_id = 'a'$$, 'and gone with the next refresh');
UPDATE users SET behavioral_analysis_enabled = true WHERE id = 'a';
SELECT is((SELECT n_rows FROM btwin.learner_states('{a}', '{bandit}', '2024-05-01Z')), 3::bigint, 'on again');

SELECT is(btwin.stale_since(), NULL, 'with triggers nothing is stale');

-- without triggers: a change of an old row is found by the next refresh
SELECT is_empty($$SELECT object FROM btwin.attach(triggers => false) WHERE kind = 'trigger' AND action NOT IN ('dropped', 'found')$$, 'attach without triggers');
SELECT is_empty($$SELECT tgname FROM pg_trigger WHERE tgrelid = 'reviews'::regclass AND tgname LIKE 'btwin%'$$, 'there is none');
SELECT lives_ok($$SELECT btwin.refresh_now()$$, 'refresh');
SELECT is_empty($$SELECT * FROM btwin.verify()$$, 'all is well');
UPDATE personalization_outcomes SET performance_score = 0.9 WHERE id = 'o3';      -- was 0.5
DELETE FROM struggle_predictions WHERE id = 'p1';
SELECT is((SELECT round(total::numeric, 6) FROM btwin.learner_states('{a}', '{bandit}', '2024-05-01Z')), 1.7, 'nobody has noticed');
SELECT ok(btwin.stale_since() BETWEEN now() - interval '1 hour' AND now(), 'and one can tell since when');
SELECT matches(btwin.refresh_now(), '^done: 1 of 1 learners', 'refresh finds it');
SELECT is((SELECT round(total::numeric, 6) FROM btwin.learner_states('{a}', '{bandit}', '2024-05-01Z')), 2.1, 'then the answer is right');
SELECT is(btwin.learner_struggle('a')::text, NULL, 'so is the other one');
SELECT is_empty($$SELECT * FROM btwin.verify()$$, 'nothing differs');
SELECT is(btwin.refresh_now(), 'done: 0 of 0 learners, 0 day rows', 'and nothing is left to do');
SELECT is_empty($$SELECT object FROM btwin.attach() WHERE kind = 'trigger'$$, 'the choice stays');

SELECT * FROM finish();
