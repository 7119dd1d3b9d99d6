-- What a probability of a struggle is made of: the features from live rows, and the explanation.
\set QUIET on
SET client_min_messages = warning;
SET DateStyle = 'ISO, YMD';
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS btwin;
SELECT plan(75);
SET timezone = 'UTC';
CREATE TEMP TABLE attached AS SELECT * FROM btwin.attach('public');
\ir api_helpers.psql

-- The moment is 2026-03-16 12:00 in UTC. A day before it is the 15th at 12:00, a week the 9th, two weeks the 2nd, thirty days 2026-02-14, 180 days 2025-09-17.
INSERT INTO users (id, behavioral_analysis_enabled) VALUES ('fay', true), ('gus', true), ('eve', true), ('off', false);
INSERT INTO courses (id, user_id, name) VALUES ('kf', 'fay', 'Physics'), ('kg', 'gus', 'Greek'), ('kh', 'fay', 'History'), ('ke', 'eve', 'Ethics');
INSERT INTO lectures (id, user_id, course_id, title, file_name, file_url, file_size) VALUES ('vf', 'fay', 'kf', 't', 'f', 'u', 1), ('vg', 'gus', 'kg', 't', 'f', 'u', 1), ('vh', 'fay', 'kh', 't', 'f', 'u', 1), ('ve', 'eve', 'ke', 't', 'f', 'u', 1);
INSERT INTO learning_objectives (id, lecture_id, objective, extracted_by, complexity) VALUES
    ('x1', 'vf', 'o', 'x', 'ADVANCED'), ('x2', 'vf', 'o', 'x', 'INTERMEDIATE'), ('x3', 'vf', 'o', 'x', 'BASIC'), ('x4', 'vh', 'o', 'x', 'ADVANCED'), ('x5', 'vf', 'o', 'x', 'BASIC'),
    ('y1', 'vf', 'o', 'x', 'BASIC'), ('y2', 'vf', 'o', 'x', 'BASIC'), ('y3', 'vf', 'o', 'x', 'BASIC'), ('y4', 'vf', 'o', 'x', 'BASIC'), ('q1', 'vh', 'o', 'x', 'BASIC'), ('g1', 'vg', 'o', 'x', 'BASIC'), ('e1', 've', 'o', 'x', 'ADVANCED');
INSERT INTO cards (id, course_id, objective_id, front, back, created_at) VALUES
    ('cx1', 'kf', 'x1', 'f', 'b', '2026-01-01'), ('cx2', 'kf', 'x1', 'f', 'b', '2026-03-17'), ('cx3', 'kf', 'x1', 'f', 'b', '2026-03-16 12:00:00.000001+00'),
    ('cx4', 'kf', 'x3', 'f', 'b', '2026-01-01'), ('cx5', 'kf', 'x3', 'f', 'b', '2026-03-16 12:00+00'),
    ('cy1', 'kf', 'y1', 'f', 'b', '2026-01-01'), ('cy2', 'kf', 'y2', 'f', 'b', '2026-01-01'), ('cy3', 'kf', 'y3', 'f', 'b', '2026-01-01'), ('cy4', 'kf', 'y4', 'f', 'b', '2026-01-01'),
    ('cq1', 'kh', 'q1', 'f', 'b', '2026-01-01'), ('cg1', 'kg', 'x1', 'f', 'b', '2026-01-01');
INSERT INTO objective_prerequisites (id, objective_id, prerequisite_id) VALUES ('n1', 'x1', 'y1'), ('n2', 'x1', 'y2'), ('n3', 'x2', 'y3'), ('n4', 'x2', 'y4');
INSERT INTO study_sessions (id, user_id, started_at, completed_at) VALUES
    ('g0', 'fay', '2026-03-09 11:59:59.999999+00', '2026-03-09 13:00+00'), ('g1', 'fay', '2026-03-09 12:00+00', '2026-03-09 13:00+00'), ('g2', 'fay', '2026-03-10', '2026-03-10 01:00+00'),
    ('g3', 'fay', '2026-03-11', '2026-03-11 01:00+00'), ('g4', 'fay', '2026-03-12', '2026-03-12 01:00+00'), ('g5', 'fay', '2026-03-13', '2026-03-13 01:00+00'),
    ('g6', 'fay', '2026-03-15 12:00+00', '2026-03-16 12:00+00'), ('g7', 'fay', '2026-03-16', '2026-03-16 12:00:00.000001+00'), ('g8', 'fay', '2026-03-16', NULL), ('g9', 'fay', '2026-03-14', '2026-03-14 01:00+00');
INSERT INTO reviews (id, user_id, card_id, session_id, rating, time_spent_ms, reviewed_at)
SELECT 'r' || n, 'fay', card, session, rating, 1, at
FROM (VALUES (1, 'cx1', NULL, 'AGAIN', timestamptz '2026-02-14 11:59:59.999999+00'), (2, 'cx1', NULL, 'AGAIN', '2026-02-14 12:00+00'), (3, 'cx1', NULL, 'GOOD', '2026-03-10 12:00+00'),
             (4, 'cx2', NULL, 'EASY', '2026-03-14 12:00+00'), (10, 'cx1', NULL, 'GOOD', '2026-03-05'), (11, 'cx2', NULL, 'GOOD', '2026-03-15 12:00+00'), (5, 'cx2', NULL, 'AGAIN', '2026-03-16 12:00+00'),
             (6, 'cy1', NULL, 'GOOD', '2026-03-15 12:00+00'), (7, 'cy3', NULL, 'GOOD', '2026-03-01 14:24+00'), (8, 'cy4', NULL, 'GOOD', '2026-03-01 12:00+00'),
             (9, 'cx4', NULL, 'GOOD', '2026-03-15 12:00+00'),
             -- shares of good answers of the sessions: 0, 0, 1/2, 1, 1, 0, 1, then one not over, one never, and one without answers
             (20, 'cq1', 'g0', 'AGAIN', '2026-03-09 12:30+00'), (21, 'cq1', 'g1', 'AGAIN', '2026-03-09 12:30+00'), (22, 'cq1', 'g2', 'GOOD', '2026-03-10 00:10+00'), (23, 'cq1', 'g2', 'HARD', '2026-03-10 00:20+00'),
             (24, 'cq1', 'g3', 'EASY', '2026-03-11 00:10+00'), (25, 'cq1', 'g4', 'GOOD', '2026-03-12 00:10+00'), (26, 'cq1', 'g5', 'AGAIN', '2026-03-13 00:10+00'), (27, 'cq1', 'g6', 'GOOD', '2026-03-15 12:10+00'),
             (28, 'cq1', 'g6', 'AGAIN', '2026-03-16 12:00+00'), (29, 'cq1', 'g7', 'AGAIN', '2026-03-16 00:10+00'), (30, 'cq1', 'g8', 'AGAIN', '2026-03-16 00:10+00')) AS v (n, card, session, rating, at);
INSERT INTO performance_metrics (user_id, learning_objective_id, date, retention_score, study_time_ms, review_count, correct_reviews, incorrect_reviews)
SELECT 'fay', o, at, r, 1, 1, 1, 0
FROM (VALUES ('x1', timestamptz '2026-02-14 11:59:59.999999+00', 0.0), ('x1', '2026-02-14 12:00+00', 0.9), ('x1', '2026-02-20', 0.8), ('x1', '2026-02-25', 0.7), ('x1', '2026-03-01', 0.6), ('x1', '2026-03-05', 0.5),
             ('x1', '2026-03-15 11:59:59.999999+00', 0.3), ('x1', '2026-03-15 12:00+00', 0.0),
             ('x2', '2026-03-01', 1), ('x2', '2026-03-02', 1), ('x2', '2026-03-03', 1), ('x2', '2026-03-04', 0), ('x2', '2026-03-05', 0), ('x2', '2026-03-06', 0),
             ('x3', '2026-03-01', 0), ('x3', '2026-03-02', 0), ('x3', '2026-03-03', 0), ('x3', '2026-03-04', 1), ('x3', '2026-03-05', 1), ('x3', '2026-03-06', 1),
             ('x4', '2026-03-01', 0), ('x4', '2026-03-02', 0), ('x4', '2026-03-03', 0), ('x4', '2026-03-04', 0), ('x4', '2026-03-05', 0)) AS v (o, at, r);
INSERT INTO validation_prompts (id, prompt_text, prompt_type, concept_name) VALUES ('q', 'p', 'CLINICAL_REASONING', 'c');
INSERT INTO validation_responses (id, user_id, prompt_id, user_answer, ai_evaluation, score, responded_at, skipped)
SELECT 'w' || n, 'fay', 'q', 'a', 'e', 0.8, timestamptz '2026-03-03' + n * interval '1 day', false FROM generate_series(1, 10) n UNION ALL
VALUES ('wa', 'fay', 'q', 'a', 'e', 0, timestamptz '2026-03-02 12:00+00', false), ('wb', 'fay', 'q', 'a', 'e', 0, '2026-03-02 11:59:59.999999+00', false), ('wc', 'fay', 'q', 'a', 'e', 0, '2026-03-15', true), ('wd', 'fay', 'q', 'a', 'e', 0, '2026-03-16 12:00+00', false);
INSERT INTO cognitive_load_metrics (user_id, load_score, stress_indicators, confidence_level, timestamp)
SELECT 'fay', l, '[]', 1, at FROM (VALUES (100, timestamptz '2026-03-09 11:59:59.999999+00'), (40, '2026-03-09 12:00+00'), (60, '2026-03-12'), (100, '2026-03-16 12:00+00')) AS v (l, at);
INSERT INTO exams (id, user_id, name, date, course_id, created_at) VALUES
    ('a', 'fay', 'over', '2026-03-16 11:59:59.999999+00', 'kf', '2026-01-01'), ('b', 'fay', 'not known', '2026-03-20', 'kf', '2026-03-16 12:00:00.000001+00'), ('c', 'fay', 'next', '2026-04-30 12:00+00', 'kf', '2026-03-16 12:00+00'),
    ('d', 'fay', 'later', '2026-05-30', 'kf', '2026-01-01'), ('e', 'gus', 'another''s', '2026-03-20', 'kf', '2026-01-01');

CREATE FUNCTION pg_temp.feature(objective text, name text, moment timestamptz DEFAULT '2026-03-16 12:00+00', learner text DEFAULT 'fay') RETURNS numeric LANGUAGE sql AS $$
SELECT round(f.x[s."position"]::numeric, 6) FROM btwin._struggle_features(learner, ARRAY[objective], moment) f, btwin.struggle_features() s WHERE s.feature = name
$$;
-- chance of recall of a card on the curve of nobody in particular, days after its last review
CREATE FUNCTION pg_temp.recall(days float8, successes int, lapses int) RETURNS float8 LANGUAGE sql AS $$
SELECT btwin.retention(btwin.forgetting_agg(NULL::float8, NULL::boolean), days, successes, lapses)
$$;
SELECT is(pg_temp.feature('x1', 'retention_score'), 0.633333, 'mean of 0.9 0.8 0.7 0.6 0.5 0.3: thirty days, the last day not over');
SELECT is(pg_temp.feature('x1', 'retention_decline_rate'), 0.833333, '0.5 + 2.4/3 - 1.4/3');
SELECT is(ARRAY[pg_temp.feature('x2', 'retention_decline_rate'), pg_temp.feature('x3', 'retention_decline_rate'), pg_temp.feature('x4', 'retention_decline_rate')], '{1.000000,0.000000,NULL}', 'at most 1, at least 0, and not before six days');
SELECT is(ARRAY[pg_temp.feature('x1', 'review_lapse_rate'), pg_temp.feature('x2', 'review_lapse_rate'), pg_temp.feature('x3', 'review_lapse_rate')], '{0.200000,NULL,0.000000}', 'one AGAIN of five answers in thirty days');
SELECT is(pg_temp.feature('x1', 'session_performance_score'), 0.7, 'the five newest sessions over with answers: (1/2 + 1 + 1 + 0 + 1) / 5');
UPDATE study_sessions SET completed_at = '2026-03-16 12:00:00.000001+00' WHERE id = 'g6';
SELECT is(pg_temp.feature('x1', 'session_performance_score'), 0.5, 'without the last the first of the week: (0 + 1/2 + 1 + 1 + 0) / 5');
DELETE FROM reviews WHERE id = 'r26';
SELECT is(pg_temp.feature('x1', 'session_performance_score'), 0.625, 'none before the week: (0 + 1/2 + 1 + 1) / 4');
SELECT is(pg_temp.feature('x1', 'days_since_last_study'), round((2.5 / 30)::numeric, 6), 'two days and a half since the last session that was over');
UPDATE study_sessions SET completed_at = '2026-03-16 12:00+00' WHERE id = 'g6';
SELECT is(pg_temp.feature('x1', 'days_since_last_study'), round((1 / 30.0)::numeric, 6), 'a day');
SELECT is(pg_temp.feature('x1', 'days_since_last_study', '2026-05-01'), 1.0, 'at most 1');
SELECT is(pg_temp.feature('x1', 'validation_score'), 0.8, 'the ten newest answers of two weeks');
DELETE FROM validation_responses WHERE id = 'w1';
SELECT is(pg_temp.feature('x1', 'validation_score'), 0.72, 'nine of them, and one as the two weeks begin: 7.2 / 10');
DELETE FROM validation_responses WHERE id = 'w2';
SELECT is(pg_temp.feature('x1', 'validation_score'), round(6.4 / 9, 6), 'none before');
SELECT is(ARRAY[pg_temp.feature('x1', 'content_complexity'), pg_temp.feature('x2', 'content_complexity'), pg_temp.feature('x3', 'content_complexity')], '{0.900000,0.600000,0.300000}', 'complexity');
-- of x1: cx1 six days after two successes and one lapse since the first review, cx2 a day after one success; the third card did not exist
SELECT is(pg_temp.feature('x1', 'complexity_mismatch'), round((0.9 - (pg_temp.recall(6, 2, 1) + pg_temp.recall(1, 1, 0)) / 2)::numeric, 6), 'complexity less mastery');
SELECT is(ARRAY[pg_temp.feature('x2', 'complexity_mismatch'), pg_temp.feature('x4', 'complexity_mismatch'), pg_temp.feature('x5', 'complexity_mismatch')], '{0.100000,0.400000,0.000000}', 'less 0.5 where no card was seen, at least 0');
UPDATE learning_objectives SET complexity = 'ADVANCED' WHERE id = 'x3';
SELECT is(pg_temp.feature('x3', 'complexity_mismatch'), round((0.9 - pg_temp.recall(1, 0, 0) / 2)::numeric, 6), 'a card never seen counts 0, one made at the moment counts');
-- y1 a day after its review; y2 never seen. y3 14.9 days after it (0.5004), y4 15 days (0.4992)
SELECT is(ARRAY[pg_temp.feature('x1', 'prerequisite_gap_count'), pg_temp.feature('x2', 'prerequisite_gap_count'), pg_temp.feature('x3', 'prerequisite_gap_count')], '{0.500000,0.500000,0.000000}', 'prerequisites known by less than a half');
SELECT is(ARRAY[pg_temp.feature('x1', 'prerequisite_mastery_gap'), pg_temp.feature('x2', 'prerequisite_mastery_gap'), pg_temp.feature('x3', 'prerequisite_mastery_gap')],
          ARRAY[round((1 - pg_temp.recall(1, 0, 0) / 2)::numeric, 6), round((1 - (pg_temp.recall(14.9, 0, 0) + pg_temp.recall(15, 0, 0)) / 2)::numeric, 6), 0.0], 'what is missing of them');
SELECT is(ARRAY[pg_temp.feature('g1', 'prerequisite_gap_count', learner => 'gus'), pg_temp.feature('g1', 'prerequisite_mastery_gap', learner => 'gus')], '{NULL,NULL}', 'unknown where nobody says what comes first');
SELECT is(pg_temp.feature('x1', 'cognitive_load_indicator'), 0.5, 'mean load of the week: (40 + 60) / 200');
ALTER TABLE cognitive_load_metrics DROP CONSTRAINT cognitive_load_metrics_load_score_check;
CREATE FUNCTION pg_temp.load_with(one_more float8) RETURNS numeric LANGUAGE sql AS $$
DELETE FROM cognitive_load_metrics WHERE id = 'one more';
INSERT INTO cognitive_load_metrics (id, user_id, load_score, stress_indicators, confidence_level, timestamp) VALUES ('one more', 'fay', one_more, '[]', 1, '2026-03-13');
SELECT pg_temp.feature('x1', 'cognitive_load_indicator')
$$;
SELECT is(ARRAY[pg_temp.load_with(0), pg_temp.load_with(100), pg_temp.load_with(-0.5), pg_temp.load_with(100.5), pg_temp.load_with('NaN')], '{0.333333,0.666667,0.500000,0.500000,0.500000}', '100/300, 200/300, and what is no load is none');
DELETE FROM cognitive_load_metrics WHERE id = 'one more';
SELECT is(ARRAY[pg_temp.feature('x1', 'days_until_exam'), pg_temp.feature('x4', 'days_until_exam')], '{0.500000,1.000000}', 'the next exam in 45 days of 90; none is far');
UPDATE exams SET date = '2026-03-16 12:00+00' WHERE id = 'c';
SELECT is(pg_temp.feature('x1', 'days_until_exam'), 0.0, 'an exam at the moment');
UPDATE exams SET date = '2026-06-14 11:59:59.999999+00' WHERE id IN ('c', 'd');
SELECT is(pg_temp.feature('x1', 'days_until_exam'), 1.0, 'one at the end of 90 days');
UPDATE exams SET date = '2026-06-14 12:30+00' WHERE id IN ('c', 'd');
SELECT is(pg_temp.feature('x1', 'days_until_exam'), 1.0, 'half an hour more, and it is as far as none');
SELECT is(ARRAY[pg_temp.feature('x1', 'content_type_mismatch'), pg_temp.feature('x1', 'workload_level'), pg_temp.feature('x1', 'historical_struggle_score')], '{NULL,NULL,NULL}', 'what is not worked out, and what nothing tells of');
-- rows behind x1: 4 + 2 answers of its cards, 1 of its prerequisites', 6 days, 8 answers in five sessions (one each but two), 9 validations, 2 loads, a session
SELECT is((SELECT evidence_count FROM btwin._struggle_features('fay', '{x1}', '2026-03-16 12:00+00')), 6 + 1 + 6 + 6 + 9 + 2 + 1, 'rows behind it');
SELECT is((SELECT array_agg(objective_id || ' ' || topic_id ORDER BY objective_id) FROM btwin._struggle_features('fay', '{x1,g1,x4,none,x1}', '2026-03-16 12:00+00')), '{"x1 kf","x4 kh"}', 'many at once, the learner''s own');
SELECT is((SELECT count(*) FROM (SELECT x, evidence_count FROM btwin._struggle_features('fay', '{x1,x2,x3,x4,x5}', '2026-03-16 12:00+00')
                                 EXCEPT SELECT s.x, s.evidence_count FROM unnest('{x1,x2,x3,x4,x5}'::text[]) o, btwin._struggle_features('fay', ARRAY[o], '2026-03-16 12:00+00') s) d), 0::bigint, 'as one by one');
SELECT is((SELECT x::text || evidence_count FROM btwin._struggle_features('eve', '{e1}', '2026-03-16 12:00+00')), '{NULL,NULL,NULL,NULL,NULL,NULL,NULL,0.9,0.4,NULL,NULL,NULL,1,NULL,NULL}0', 'of whom no row tells');

-- a prerequisite with nine cards, of which five are as good as known: recall 0.9 at once, 4.5/9 is a half. Of the other nobody made a card.
INSERT INTO users (id) VALUES ('hal');
INSERT INTO courses (id, user_id, name) VALUES ('ki', 'hal', 'Italian');
INSERT INTO lectures (id, user_id, course_id, title, file_name, file_url, file_size) VALUES ('vi', 'hal', 'ki', 't', 'f', 'u', 1);
INSERT INTO learning_objectives (id, lecture_id, objective, extracted_by, complexity) SELECT o, 'vi', 'o', 'x', 'BASIC' FROM unnest('{i1,i2,half,bare}'::text[]) o;
INSERT INTO objective_prerequisites (id, objective_id, prerequisite_id) VALUES ('ni1', 'i1', 'half'), ('ni2', 'i2', 'bare');
INSERT INTO cards (id, course_id, objective_id, front, back, created_at) SELECT 'ci' || n, 'ki', 'half', 'f', 'b', '2026-01-01' FROM generate_series(1, 9) n;
INSERT INTO reviews (user_id, card_id, rating, time_spent_ms, reviewed_at)
SELECT 'hal', 'ci' || n, 'GOOD', 1, timestamptz '2026-03-16 11:59:59.999999+00' - i * interval '24 hours' FROM generate_series(1, 5) n, generate_series(0, 15) i;
SELECT is(pg_temp.recall(1e-6 / 86400, 15, 0), 0.9::float8, 'a card just answered for the sixteenth time');
SELECT is(ARRAY[pg_temp.feature('i1', 'prerequisite_gap_count', learner => 'hal'), pg_temp.feature('i1', 'prerequisite_mastery_gap', learner => 'hal')], '{0.000000,0.500000}', 'known by a half is not known by less');
SELECT is(ARRAY[pg_temp.feature('i2', 'prerequisite_gap_count', learner => 'hal'), pg_temp.feature('i2', 'prerequisite_mastery_gap', learner => 'hal')], '{1.000000,1.000000}', 'a prerequisite without cards is not known');
SELECT is((SELECT array_agg(evidence_count ORDER BY objective_id) FROM btwin._struggle_features('hal', '{i1,i2}', '2026-03-16 12:00+00')), '{80,0}', 'sixteen answers on five cards; none');

-- earlier struggles in the course: of the ten newest outcomes before the moment six: (6 - 3.8) / (0.62 * 15); the eleventh struggled too
INSERT INTO struggle_predictions (id, user_id, learning_objective_id, predicted_struggle_probability, prediction_confidence, struggling_factors, prediction_date, predicted_at, actual_outcome, actual_outcome_recorded_at, feature_vector)
SELECT 'h' || n, 'fay', 'x2', 0.5, 0.5, '{}'::jsonb, timestamptz '2026-02-01', timestamptz '2026-01-01', n <= 7, timestamptz '2026-02-01' + n * interval '1 day', '{"retention_score": 0.2}'::jsonb FROM generate_series(1, 11) n UNION ALL
VALUES ('ha', 'fay', 'x2', 0.5, 0.5, '{}'::jsonb, timestamptz '2026-02-01', timestamptz '2026-01-01', false, timestamptz '2026-03-16 12:00+00', NULL::jsonb), ('hb', 'fay', 'x4', 0.5, 0.5, '{}', '2025-09-17 12:00+00', '2025-01-01', true, '2025-09-17 12:00+00', NULL);
SELECT is(ARRAY[pg_temp.feature('x1', 'historical_struggle_score'), pg_temp.feature('x4', 'historical_struggle_score')], ARRAY[round(2.2 / 9.3, 6), round(0.62 / 3.72, 6)], 'six of ten; one of one, as the half year begins');
UPDATE struggle_predictions SET actual_outcome_recorded_at = '2025-09-17 11:59:59.999999+00' WHERE id = 'hb';
SELECT is(pg_temp.feature('x4', 'historical_struggle_score'), NULL, 'not before');
UPDATE struggle_predictions SET actual_outcome_recorded_at = '2026-02-01', actual_outcome = false, prediction_date = '2026-04-16 11:59:59.999999+00' WHERE id = 'hb';
SELECT is(pg_temp.feature('x4', 'historical_struggle_score'), 0.0, 'no struggle is none, at least 0; predicted for 31 days ahead');
UPDATE struggle_predictions SET prediction_date = '2026-04-16 12:00+00' WHERE id = 'hb';
SELECT is(pg_temp.feature('x4', 'historical_struggle_score'), NULL, 'not for more');
SELECT is((SELECT evidence_count FROM btwin._struggle_features('fay', '{x1}', '2026-03-16 12:00+00')), 6 + 1 + 6 + 6 + 9 + 2 + 1 + 10, 'outcomes are rows too');

-- the model of a learner: the prior, and what the learner's own outcomes add
SELECT is(btwin._struggle_model('eve', '2026-03-16 12:00+00')::text, btwin.struggle_model()::text, 'without outcomes the prior');
SELECT is(btwin._struggle_model('fay', '2026-02-02')::text, btwin.struggle_model()::text, 'nor with those of later');
SELECT is(btwin._struggle_model('fay', '2026-03-16 12:00+00')::text, btwin.logit_next(btwin.learner_struggle('fay', '2026-03-16 12:00+00'), btwin.struggle_model())::text, 'one step from it');
SELECT is(btwin.evidence_count(btwin._struggle_model('fay', '2026-03-16 12:00+00')), 11::bigint, 'on eleven outcomes with features');

-- live: the sum is what the model says of these features
CREATE TEMP TABLE live AS SELECT row_number() OVER () AS n, e.* FROM btwin_api.explain_struggle('fay', objective_id => 'x1', as_of => '2026-03-16 12:00+00') AS e;
SELECT ok((SELECT abs(sum(contribution) - (SELECT (btwin.predict(btwin._struggle_model('fay', '2026-03-16 12:00+00'), f.x)).probability FROM btwin._struggle_features('fay', '{x1}', '2026-03-16 12:00+00') AS f)) < 1e-12 FROM live), 'contributions sum to the probability');
SELECT is((SELECT array_agg(factor ORDER BY factor) FROM live), (SELECT array_agg(f ORDER BY f) FROM (SELECT feature FROM btwin.struggle_features() UNION ALL VALUES ('base'), ('uncertainty')) AS s (f)), 'a row for each feature and step');
SELECT is((SELECT array_agg(n ORDER BY is_base DESC, abs(contribution) DESC, factor) FROM live), (SELECT array_agg(n ORDER BY n) FROM live), 'the base first, then by size');
SELECT is((SELECT concat_ws(' ', factor, value, description, is_base, version) FROM live WHERE n = 1), 'base probability where every feature is at its mean t struggle-1', 'the base');
SELECT is((SELECT concat_ws(' ', value, round(weight::numeric, 3) = (SELECT round(coefficient::numeric, 3) FROM btwin.coefficients(btwin._struggle_model('fay', '2026-03-16 12:00+00')) c WHERE c.feature = 'content_complexity'), description, is_base) FROM live WHERE factor = 'content_complexity'),
          '0.9 t 0.3 basic, 0.6 intermediate, 0.9 advanced f', 'a feature');
SELECT is((SELECT concat_ws(' ', value, contribution <> 0, contribution_logit <> 0, description) FROM live WHERE factor = 'uncertainty'), 't t what averaging over the unknown does', 'a step');
SELECT is_empty($$SELECT * FROM btwin_api.explain_struggle('eve', objective_id => 'e1', as_of => '2026-03-16 12:00+00')$$, 'no probability of a learner of whom no row tells');
INSERT INTO cognitive_load_metrics (user_id, load_score, stress_indicators, confidence_level, timestamp) VALUES ('eve', 50, '[]', 1, '2026-03-16');
SELECT is((SELECT count(*) FROM btwin_api.explain_struggle('eve', objective_id => 'e1', as_of => '2026-03-16 12:00+00')), 17::bigint, 'one row is enough');

-- stored: what the model said of the stored features at the time, and what the stored value has beyond it
INSERT INTO struggle_predictions (id, user_id, learning_objective_id, predicted_struggle_probability, prediction_confidence, struggling_factors, prediction_date, predicted_at, feature_vector)
SELECT v.id, 'eve', 'e1', v.p, 0.5, '{}', '2026-03-18', '2026-03-16 12:00+00', v.features
FROM (VALUES ('s1', btwin.struggle_probability(btwin.struggle_vector(content_complexity => 0.9)), '{"contentComplexity": 0.9}'::jsonb), ('s2', 0.75, '{"content_complexity": 0.9}'), ('s3', 1, NULL), ('s4', 0.9, '{}')) AS v (id, p, features);
INSERT INTO btwin.prediction_history (user_id, prediction_id, computed_for, probability, prediction_date, feature_vector, method, version)
VALUES ('eve', 's4', '2026-03-16 12:00+00', btwin.struggle_probability(btwin.struggle_vector(workload_level => 1)), '2026-03-18', '{"workload_level": 1}', 'btwin', 'struggle-1'), ('eve', 's4', '2026-03-16 13:00+00', 0.9, '2026-03-18', '{}', 'btwin', 'struggle-1');
SELECT is((SELECT concat_ws(' ', count(*), round(sum(contribution)::numeric, 9) = (SELECT round(predicted_struggle_probability::numeric, 9) FROM struggle_predictions WHERE id = 's1')) FROM btwin_api.explain_struggle('eve', 's1', as_of => '2026-03-16 12:00+00')), '17 t', 'its own prediction');
SELECT is((SELECT concat_ws(' ', count(*), round(sum(contribution)::numeric, 9), round(sum(contribution_logit)::numeric, 9) = round(ln(3.0), 9)) FROM btwin_api.explain_struggle('eve', 's2', as_of => '2026-03-16 12:00+00')), '18 0.750000000 t', 'another''s, with the rest: log odds ln 3');
SELECT is((SELECT concat_ws(' ', value, weight, round(contribution::numeric, 6) = round((0.75 - btwin.struggle_probability(btwin.struggle_vector(content_complexity => 0.9)))::numeric, 6), is_base, description)
           FROM btwin_api.explain_struggle('eve', 's2', as_of => '2026-03-16 12:00+00') WHERE factor = 'calibration'), 't f what the stored probability has beyond this model', 'which is no factor');
SELECT is((SELECT concat_ws(' ', count(*), sum(contribution), count(contribution_logit)) FROM btwin_api.explain_struggle('eve', 's3', as_of => '2026-03-16 12:00+00')), '18 1 17', 'certainty without features has no log odds');
UPDATE struggle_predictions SET predicted_struggle_probability = 0 WHERE id = 's3';
SELECT is((SELECT concat_ws(' ', count(*), round(sum(contribution)::numeric, 9), count(contribution_logit)) FROM btwin_api.explain_struggle('eve', 's3', as_of => '2026-03-16 12:00+00')), '18 0.000000000 17', 'nor has certainty that there is none');
-- twelve digits are compared: 4e-13 is 0 with them, 6e-13 is 1e-12
UPDATE struggle_predictions SET predicted_struggle_probability = btwin.struggle_probability(btwin.struggle_vector(content_complexity => 0.9)) + CASE id WHEN 's2' THEN 4e-13 ELSE -6e-13 END,
                                feature_vector = '{"content_complexity": 0.9}' WHERE id IN ('s2', 's3');
SELECT is((SELECT array_agg(round((1e13 * contribution)::numeric)::text) FROM unnest('{s2,s3}'::text[]) p, btwin_api.explain_struggle('eve', p, as_of => '2026-03-16 12:00+00') WHERE factor = 'calibration'), '{-6}', 'less than half a digit is rounding');
SELECT is((SELECT concat_ws(' ', count(*), max(value)) FROM btwin_api.explain_struggle('eve', 's4', as_of => '2026-03-16 12:00+00')), '17 1', 'the value and features of the moment');
SELECT is((SELECT round(sum(contribution)::numeric, 9) FROM btwin_api.explain_struggle('eve', 's4', as_of => '2026-03-16 13:00+00')), 0.9, 'and of an hour later');
SELECT is_empty($$SELECT * FROM btwin_api.explain_struggle('eve', 's1', as_of => '2026-03-16 11:59:59.999999+00') UNION ALL SELECT * FROM btwin_api.explain_struggle('eve', 's4', as_of => '2026-03-16 11:59:59.999999+00')$$, 'not known yet');
SELECT is((SELECT round(sum(contribution)::numeric, 9) FROM btwin_api.explain_struggle('fay', 'h1', as_of => '2026-03-16 12:00+00') WHERE factor <> 'calibration'),
          round(btwin.struggle_probability(btwin.struggle_vector(retention_score => 0.2))::numeric, 9), 'with the model of the time it was made: none of the outcomes since');

-- the reference's rule: retention 0.2, 0.4 (0.5 - 0.2); lapse rate 0.5 by default, 0.15 * 0.5; below 0.4, so the baseline 0.3 + sum of weights
UPDATE struggle_predictions SET feature_vector = '{"retention_score": 0.2, "prerequisite_gap_count": 0.6}', predicted_struggle_probability = 0.405 WHERE id = 's2';
SELECT results_eq($$SELECT factor, value, weight, round(contribution::numeric, 9), contribution_logit, description, is_base, version FROM btwin_api.explain_struggle('eve', 's2', method_is => 'epic5', as_of => '2026-03-16 12:00+00')$$,
    $$VALUES ('prerequisite_gap_count', 0.6::float8, 0.35::float8, 0.210000000, NULL::float8, 'share of prerequisites not started or at beginner level', false, 'epic5-1'),
             ('retention_score', 0.2, -0.4, 0.120000000, NULL, 'mean retention score of the objective, last 30 days', false, 'epic5-1'),
             ('review_lapse_rate', 0.5, 0.15, 0.075000000, NULL, 'share of the objective''s reviews answered AGAIN, last 30 days', false, 'epic5-1')$$, 'terms of epic5 that reach 0.4 alone');
UPDATE struggle_predictions SET predicted_struggle_probability = 0.5 WHERE id = 's2';
SELECT results_eq($$SELECT factor, round(contribution::numeric, 9), description FROM btwin_api.explain_struggle('eve', 's2', method_is => 'epic5', as_of => '2026-03-16 12:00+00') WHERE value IS NULL$$,
    $$VALUES ('calibration', 0.095000000, 'what the stored probability has beyond this rule')$$, 'and what a stored value has beyond them');
-- no term, and a baseline below 0, 0.3 - 0.2 * 1 - 0.5 * 1: a stored value has nothing to be made of
UPDATE struggle_predictions SET feature_vector = (SELECT jsonb_object_agg(feature, (feature IN ('retention_score', 'session_performance_score'))::int) FROM btwin.struggle_features()) WHERE id = 's2';
CREATE FUNCTION pg_temp.made_of(p float8) RETURNS text LANGUAGE sql AS $$
UPDATE struggle_predictions SET predicted_struggle_probability = p WHERE id = 's2';
SELECT string_agg(factor || ' ' || round((1e13 * contribution)::numeric), ', ') FROM btwin_api.explain_struggle('eve', 's2', method_is => 'epic5', as_of => '2026-03-16 12:00+00')
$$;
SELECT is(ARRAY[pg_temp.made_of(0.2), pg_temp.made_of(0), pg_temp.made_of(4e-13), pg_temp.made_of(6e-13)], '{calibration 2000000000000,NULL,NULL,calibration 6}', 'a value of which the rule says nothing');
-- 0.2 + 0.35 + 0.2 + 0.12 + 0.1 + 0.15 + 0.09 = 1.21
UPDATE struggle_predictions SET predicted_struggle_probability = 1, feature_vector = '{"retention_score": 0, "prerequisite_gap_count": 1, "complexity_mismatch": 1, "historical_struggle_score": 1, "cognitive_load_indicator": 1, "review_lapse_rate": 1, "content_type_mismatch": 1}' WHERE id = 's2';
SELECT is((SELECT string_agg(concat_ws(' ', factor, round(contribution::numeric, 9), description), ', ') FROM btwin_api.explain_struggle('eve', 's2', method_is => 'epic5', as_of => '2026-03-16 12:00+00') WHERE value IS NULL), 'cap -0.210000000 what the limit of 1 takes', 'the limit');
SELECT is((SELECT string_agg(factor, ' ') FROM btwin_api.explain_struggle('eve', 's2', method_is => 'epic5', as_of => '2026-03-16 12:00+00')),
          'prerequisite_gap_count cap complexity_mismatch retention_score review_lapse_rate historical_struggle_score content_type_mismatch cognitive_load_indicator', 'by size, then by name');
SELECT is((SELECT string_agg(concat_ws(' ', factor, description), ', ') FROM btwin_api.explain_struggle('eve', objective_id => 'e1', method_is => 'epic5', as_of => '2026-03-16 12:00+00') WHERE value IS NULL),
          'baseline_floor what the baseline adds, since the terms sum to less than 0.4', 'live, with the baseline');
SELECT is((SELECT round(sum(contribution)::numeric, 9) FROM btwin_api.explain_struggle('eve', objective_id => 'e1', method_is => 'epic5', as_of => '2026-03-16 12:00+00')),
          (SELECT round((btwin.epic5_struggle(x)).probability::numeric, 9) FROM btwin._struggle_features('eve', '{e1}', '2026-03-16 12:00+00')), 'and the sum of the rule');

-- a probability that is none, of an adopted table
ALTER TABLE struggle_predictions DROP CONSTRAINT struggle_predictions_predicted_struggle_probability_check;
UPDATE struggle_predictions SET predicted_struggle_probability = 1.005 WHERE id = 's2';
SELECT is_empty($$SELECT * FROM btwin_api.explain_struggle('eve', 's2', as_of => '2026-03-16 12:00+00')$$, 'is not explained');
SELECT is((SELECT array_agg(a || ': ' || pg_temp.refusal('SELECT * FROM btwin_api.explain_struggle(''fay'', ' || a || ')')) FROM unnest(ARRAY['NULL', '''h1'', ''x1''', '''s1''', '''none''', 'objective_id => ''g1''', 'objective_id => ''none''',
              '''h1'', method_is => ''web''', '''h1'', method_is => NULL', '''h1'', as_of => ''infinity''', '''h1''', 'objective_id => ''x1''']) a),
          ARRAY['NULL: PT400 missing_argument prediction_id', '''h1'', ''x1'': PT400 not_allowed_value objective_id', '''s1'': PT404 unknown_id', '''none'': PT404 unknown_id', 'objective_id => ''g1'': PT404 unknown_id',
                'objective_id => ''none'': PT404 unknown_id', '''h1'', method_is => ''web'': PT400 not_allowed_value method_is', '''h1'', method_is => NULL: PT400 missing_argument method_is',
                '''h1'', as_of => ''infinity'': PT400 out_of_range as_of', '''h1'': accepted', 'objective_id => ''x1'': accepted'], 'refusals');
SELECT is(pg_temp.refusal($$SELECT * FROM btwin_api.explain_struggle('off', 'h1')$$), 'PT403 analysis_disabled', 'analysis switched off');
SELECT is(pg_temp.refusal($$SELECT * FROM btwin_api.explain_struggle('nobody', 'h1')$$), 'PT404 unknown_learner user_id', 'an unknown learner');
SELECT is(pg_temp.refusal($$SELECT * FROM btwin_api.explain_struggle(prediction_id => 'h1')$$), 'PT400 user_required user_id', 'nobody named');
SET btwin.user_id = 'fay';
SET search_path = '';
SET default_transaction_read_only = on;
SELECT pg_catalog.count(*) AS stored FROM btwin_api.explain_struggle(prediction_id => 'h1', as_of => '2026-03-16 12:00+00') \gset
SELECT pg_catalog.count(*) AS live FROM btwin_api.explain_struggle(objective_id => 'x1', as_of => '2026-03-16 12:00+00') \gset
SELECT pg_catalog.count(*) AS terms FROM btwin_api.explain_struggle(objective_id => 'x1', method_is => 'epic5', as_of => '2026-03-16 12:00+00') \gset
RESET default_transaction_read_only;
RESET search_path;
RESET btwin.user_id;
SELECT is(:'stored'::text || ' ' || :'live' || ' ' || (:'terms'::int > 0), '18 17 true', 'the caller''s own, without a path and read-only');
SELECT * FROM finish();
