-- What the analysis makes of predictions and interventions after study.
\set QUIET on
SET client_min_messages = warning;
SET DateStyle = 'ISO, YMD';
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS btwin;
SELECT plan(35);
SET timezone = 'UTC';
CREATE TEMP TABLE attached AS SELECT * FROM btwin.attach('public');

-- The moment is 2026-03-16 12:00. Each learner has one objective with five cards; the prediction was worked out on 10 March.
CREATE FUNCTION pg_temp.learner(name text, probability float8 DEFAULT 0.8, predicted_at timestamptz DEFAULT '2026-03-10', prediction_date timestamptz DEFAULT '2026-03-17') RETURNS void LANGUAGE sql AS $$
INSERT INTO users (id) VALUES (name);
INSERT INTO courses (id, user_id, name) VALUES ('k' || name, name, 'c');
INSERT INTO lectures (id, user_id, course_id, title, file_name, file_url, file_size) VALUES ('v' || name, name, 'k' || name, 't', 'f', 'u', 1);
INSERT INTO learning_objectives (id, lecture_id, objective, extracted_by, created_at) VALUES ('o' || name, 'v' || name, 'o', 'x', '2026-01-01'), ('z' || name, 'v' || name, 'o', 'x', '2026-01-01');
INSERT INTO cards (id, course_id, objective_id, front, back, created_at) SELECT x || name, 'k' || name, x || name, 'f', 'b', '2026-01-01' FROM unnest('{o,z}'::text[]) x;
INSERT INTO struggle_predictions (id, user_id, learning_objective_id, predicted_struggle_probability, prediction_confidence, prediction_status, struggling_factors, prediction_date, predicted_at)
VALUES ('p' || name, name, 'o' || name, probability, 0.5, 'PENDING', '{}', prediction_date, predicted_at);
$$;
-- a session with reviews of the objective ("o") or another ("z"): ratings as a text, one letter each
CREATE FUNCTION pg_temp.session(name text, id text, ratings text, started_at timestamptz DEFAULT '2026-03-11 10:00+00', completed_at timestamptz DEFAULT '2026-03-11 10:30+00', card text DEFAULT 'o') RETURNS void LANGUAGE sql AS $$
INSERT INTO study_sessions (id, user_id, started_at, completed_at) VALUES (name || id, name, started_at, completed_at) ON CONFLICT DO NOTHING;
INSERT INTO reviews (id, user_id, card_id, session_id, rating, time_spent_ms, reviewed_at)
SELECT name || id || card || n, name, card || name, name || id, CASE l WHEN 'A' THEN 'AGAIN' WHEN 'H' THEN 'HARD' WHEN 'G' THEN 'GOOD' ELSE 'EASY' END, 1000, started_at + n * interval '1 second'
FROM string_to_table(ratings, NULL) WITH ORDINALITY AS r (l, n);
$$;
CREATE FUNCTION pg_temp.became(name text, moment timestamptz DEFAULT '2026-03-16 12:00+00') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    n int;
BEGIN
    n := btwin._record_outcomes(name, moment);
    RETURN (SELECT concat_ws(' ', n, prediction_status, actual_outcome, actual_outcome_recorded_at) FROM struggle_predictions WHERE id = 'p' || name);
END $$;

-- the rule: a share of good answers below 0.65, three times AGAIN, validations below 0.6 on average
SELECT pg_temp.learner('a'), pg_temp.session('a', '1', 'GGGGGGGGGGGGGHHHHHHH') \g /dev/null
SELECT is(pg_temp.became('a'), '1 FALSE_POSITIVE f 2026-03-16 12:00:00+00', 'predicted, but 13 of 20 were good');
SELECT pg_temp.learner('b'), pg_temp.session('b', '1', 'GGGGGGGGGGGEHHHHHHHA') \g /dev/null
SELECT is(pg_temp.became('b'), '1 CONFIRMED t 2026-03-16 12:00:00+00', '12 of 20 were');
SELECT pg_temp.learner('c', 0.4999), pg_temp.session('c', '1', 'GGGGGGGGGGGGGGGAAA') \g /dev/null
SELECT is(pg_temp.became('c'), '1 MISSED t 2026-03-16 12:00:00+00', 'three times AGAIN, not predicted');
SELECT pg_temp.learner('d', 0.4999), pg_temp.session('d', '1', 'GGGGGGGGGGGGGGGAA') \g /dev/null
SELECT is(pg_temp.became('d'), '1 RESOLVED f 2026-03-16 12:00:00+00', 'twice, and not predicted');
SELECT pg_temp.learner('e', 0.5), pg_temp.session('e', '1', 'G') \g /dev/null
INSERT INTO validation_prompts (id, prompt_text, prompt_type, concept_name, objective_id) VALUES ('q1', 'q', 'EXPLAIN_TO_PATIENT', 'c', 'oe'), ('q2', 'q', 'EXPLAIN_TO_PATIENT', 'c', 'ze'), ('q3', 'q', 'EXPLAIN_TO_PATIENT', 'c', NULL);
INSERT INTO validation_responses (id, user_id, prompt_id, session_id, user_answer, ai_evaluation, score, skipped, responded_at)
SELECT 'e' || n, 'e', prompt, session, 'a', 'e', score, skipped, '2026-03-11 10:10+00'
FROM (VALUES (1, 'q1', 'e1', 0.59, false), (2, 'q1', 'e1', 0.61, false), (3, 'q1', 'e1', 0.0, true), (4, 'q2', 'e1', 0.0, false), (5, 'q3', 'e1', 0.0, false), (6, 'q1', NULL, 0.0, false)) AS v (n, prompt, session, score, skipped);
SELECT is(pg_temp.became('e'), '1 FALSE_POSITIVE f 2026-03-16 12:00:00+00', '0.6 in the answers on the objective: those that were skipped, on another, elsewhere do not count');
UPDATE validation_responses SET score = 0.6 WHERE id = 'e2';
UPDATE struggle_predictions SET prediction_status = 'PENDING', actual_outcome = NULL, actual_outcome_recorded_at = NULL WHERE id = 'pe';
SELECT is(pg_temp.became('e'), '1 CONFIRMED t 2026-03-16 12:00:00+00', 'below it');

-- which session: the first one that is completed, began when the value was known, and has a review of the objective
SELECT pg_temp.learner('f'), pg_temp.session('f', '0', 'G', '2026-03-09 23:59:59.999999', '2026-03-10 01:00'), pg_temp.session('f', '1', 'AAA', '2026-03-10', '2026-03-12'), pg_temp.session('f', '2', 'G', '2026-03-11', '2026-03-12 00:00:00.000001') \g /dev/null
SELECT is(pg_temp.became('f', '2026-03-11 23:59:59.999999'), '0 PENDING', 'not one that had begun before, nor one that goes on');
SELECT is(pg_temp.became('f', '2026-03-12'), '1 CONFIRMED t 2026-03-12 00:00:00+00', 'the one that began then, when it is completed');
SELECT is(pg_temp.became('f'), '0 CONFIRMED t 2026-03-12 00:00:00+00', 'and no later one');
SELECT pg_temp.learner('g'), pg_temp.session('g', '1', 'AAA', '2026-03-11', '2026-03-13'), pg_temp.session('g', '2', 'G', '2026-03-11 12:00', '2026-03-12') \g /dev/null
SELECT is(pg_temp.became('g'), '1 FALSE_POSITIVE f 2026-03-16 12:00:00+00', 'the one that was completed first');
SELECT pg_temp.learner('h'), pg_temp.session('h', '1', 'AAA', card => 'z') \g /dev/null
SELECT is(pg_temp.became('h'), '0 PENDING', 'another objective tells nothing');
SELECT pg_temp.session('h', '1', 'G') \g /dev/null
SELECT is(pg_temp.became('h'), '1 FALSE_POSITIVE f 2026-03-16 12:00:00+00', 'nor do its answers in the same session');
SELECT pg_temp.learner('i'), pg_temp.session('i', '1', 'AAA', '2026-03-16 11:00', '2026-03-16 12:00') \g /dev/null
UPDATE reviews SET reviewed_at = '2026-03-16 12:00' WHERE user_id = 'i';
SELECT is(pg_temp.became('i'), '1 CONFIRMED t 2026-03-16 12:00:00+00', 'a session of the moment');

-- which predictions
SELECT pg_temp.learner('j', prediction_date => '2025-11-16 12:00'), pg_temp.session('j', '1', 'AAA') \g /dev/null
SELECT is(pg_temp.became('j'), '1 CONFIRMED t 2026-03-16 12:00:00+00', 'for a day 120 days ago');
SELECT pg_temp.learner('k', prediction_date => '2025-11-16 11:59:59.999999'), pg_temp.session('k', '1', 'AAA') \g /dev/null
SELECT is(pg_temp.became('k'), '0 PENDING', 'not for one before: study says nothing of it any more');
SELECT pg_temp.learner('l'), pg_temp.session('l', '1', 'AAA') \g /dev/null
INSERT INTO struggle_predictions (id, user_id, learning_objective_id, predicted_struggle_probability, prediction_confidence, prediction_status, struggling_factors, prediction_date, predicted_at)
VALUES ('l2', 'l', 'ol', 0.7, 0.5, 'PENDING', '{}', '2026-03-17', '2026-03-10 00:00:00.000001'), ('l3', 'l', 'ol', 0.7, 0.5, 'PENDING', '{}', '2026-03-17', '2026-03-16 12:00:00.000001');
SELECT is(pg_temp.became('l'), '1 PENDING', 'of several one is decided');
SELECT is((SELECT string_agg(id || ' ' || prediction_status, ', ' ORDER BY id) FROM struggle_predictions WHERE user_id = 'l'), 'l2 CONFIRMED, l3 PENDING, pl PENDING', 'that worked out last by then');
SELECT is(btwin._record_outcomes('l', '2026-03-16 12:00'), 0, 'the others never: they said the same');
SELECT pg_temp.learner('m'), pg_temp.session('m', '1', 'AAA') \g /dev/null
UPDATE struggle_predictions SET prediction_status = 'DISMISSED' WHERE id = 'pm';
SELECT is(pg_temp.became('m'), '0 DISMISSED', 'one that was dismissed stays so');
SELECT pg_temp.learner('n', predicted_at => '2026-03-16 12:00:00.000001'), pg_temp.session('n', '1', 'AAA', '2026-03-17', '2026-03-18') \g /dev/null
SELECT is(pg_temp.became('n'), '0 PENDING', 'one of a later moment is not known');
SELECT pg_temp.learner('o'), pg_temp.session('o', '1', 'AAA') \g /dev/null
UPDATE struggle_predictions SET actual_outcome = false WHERE id = 'po';
SELECT is(pg_temp.became('o'), '0 PENDING f', 'an outcome stays, whoever recorded it');
SELECT is(btwin._record_outcomes('nobody', '2026-03-16 12:00'), 0, 'nothing of nobody');
ALTER TABLE struggle_predictions DROP CONSTRAINT struggle_predictions_predicted_struggle_probability_check;
SELECT pg_temp.learner('p', 1.5), pg_temp.session('p', '1', 'AAA') \g /dev/null
SELECT is(pg_temp.became('p'), '0 PENDING', 'what is no probability has no outcome');
UPDATE struggle_predictions SET predicted_struggle_probability = -0.1 WHERE id = 'pp';
SELECT is(pg_temp.became('p'), '0 PENDING', 'neither way');
-- what ties: the later id of predictions, the earlier one of sessions
SELECT pg_temp.learner('t'), pg_temp.session('t', '1', 'G'), pg_temp.session('t', '2', 'AAA') \g /dev/null
INSERT INTO struggle_predictions (id, user_id, learning_objective_id, predicted_struggle_probability, prediction_confidence, prediction_status, struggling_factors, prediction_date, predicted_at)
VALUES ('pt2', 't', 'ot', 0.7, 0.5, 'PENDING', '{}', '2026-03-17', '2026-03-10');
SELECT is(pg_temp.became('t'), '1 PENDING', 'of equals one');
SELECT is((SELECT prediction_status FROM struggle_predictions WHERE id = 'pt2'), 'FALSE_POSITIVE', 'the last, by the first session');

-- Interventions end as their mission did
INSERT INTO users (id) VALUES ('ann'), ('bob');
INSERT INTO missions (id, user_id, date, status, estimated_minutes, completed_at, objectives) VALUES
    ('m1', 'ann', '2026-03-15', 'COMPLETED', 30, '2026-03-16 12:00', '[]'), ('m2', 'ann', '2026-03-15', 'COMPLETED', 30, '2026-03-16 12:00:00.000001', '[]'), ('m3', 'ann', '2026-03-15', 'SKIPPED', 30, NULL, '[]'),
    ('m4', 'ann', '2026-03-15', 'IN_PROGRESS', 30, NULL, '[]'), ('m5', 'ann', '2026-03-15', 'COMPLETED', 30, NULL, '[]'), ('mb', 'bob', '2026-03-15', 'COMPLETED', 30, NULL, '[]');
INSERT INTO intervention_recommendations (id, user_id, prediction_id, intervention_type, description, reasoning, priority, status, applied_to_mission_id, applied_at, created_at)
SELECT id, 'ann', NULL, 'FOCUS_SESSION', 'd', 'r', 5, status, mission, at, '2026-03-14'
FROM (VALUES ('i1', 'IN_PROGRESS', 'm1', timestamptz '2026-03-16 12:00'), ('i2', 'IN_PROGRESS', 'm2', '2026-03-15'), ('i3', 'IN_PROGRESS', 'm3', '2026-03-15'), ('i4', 'IN_PROGRESS', 'm4', '2026-03-15'), ('i5', 'IN_PROGRESS', 'm5', '2026-03-15'),
             ('i6', 'IN_PROGRESS', NULL, '2026-03-15'), ('i7', 'PENDING', 'm1', NULL), ('i8', 'FAILED', 'm1', '2026-03-15'), ('i9', 'IN_PROGRESS', 'm1', '2026-03-16 12:00:00.000001'), ('ia', 'IN_PROGRESS', 'mb', '2026-03-15')) AS v (id, status, mission, at);
SELECT is(btwin._analyze_outcomes('ann', '2026-03-16 12:00'), '{"outcomes": 0, "interventions_completed": 2, "interventions_skipped": 1}', 'what was written');
SELECT is((SELECT string_agg(id || ' ' || status, ', ' ORDER BY id) FROM intervention_recommendations), 'i1 COMPLETED, i2 IN_PROGRESS, i3 SKIPPED, i4 IN_PROGRESS, i5 COMPLETED, i6 IN_PROGRESS, i7 PENDING, i8 FAILED, i9 IN_PROGRESS, ia IN_PROGRESS', 'with missions that were over by then');

-- a proposal of btwin that nobody applied is pointless once the prediction is decided
INSERT INTO intervention_recommendations (id, user_id, prediction_id, intervention_type, description, reasoning, priority, status, created_at)
SELECT id, 'a', 'pa', 'FOCUS_SESSION', 'd', 'r', 5, status, at FROM (VALUES ('s1', 'PENDING', timestamptz '2026-03-16 12:00'), ('s2', 'IN_PROGRESS', '2026-03-14'), ('s3', 'PENDING', '2026-03-14'), ('s4', 'PENDING', '2026-03-16 12:00:00.000001')) AS v (id, status, at);
INSERT INTO btwin.provenance (user_id, kind, id, method, version, computed_for) SELECT 'a', 'intervention_recommendations', id, 'btwin', 'intervention-1', '2026-03-14' FROM unnest('{s1,s2,s4}'::text[]) id;
INSERT INTO btwin.provenance (user_id, kind, id, method, version, computed_for) VALUES ('a', 'missions', 's3', 'btwin', 'intervention-1', '2026-03-14');
SELECT is(btwin._analyze_outcomes('a', '2026-03-16 11:59:59.999999'), '{"outcomes": 0, "interventions_completed": 0, "interventions_skipped": 0}', 'not before the decision');
SELECT is(btwin._analyze_outcomes('a', '2026-03-16 12:00'), '{"outcomes": 0, "interventions_completed": 0, "interventions_skipped": 1}', 'then');
SELECT is((SELECT string_agg(id || ' ' || status, ', ' ORDER BY id) FROM intervention_recommendations WHERE user_id = 'a'), 's1 SKIPPED, s2 IN_PROGRESS, s3 PENDING, s4 PENDING', 'neither one under way, nor one of the application, nor a later one');
SELECT string_agg(ctid::text, ',' ORDER BY id) AS before FROM intervention_recommendations \gset
SELECT is(btwin._analyze_outcomes('a', '2026-03-16 12:00') || btwin._analyze_outcomes('ann', '2026-03-16 12:00'), '{"outcomes": 0, "interventions_completed": 0, "interventions_skipped": 0}', 'a second time nothing');
SELECT is((SELECT string_agg(ctid::text, ',' ORDER BY id) FROM intervention_recommendations), :'before', 'and no row is written over');
SELECT pg_temp.learner('q'), pg_temp.session('q', '1', 'AAA') \g /dev/null
INSERT INTO intervention_recommendations (id, user_id, prediction_id, intervention_type, description, reasoning, priority, status, created_at) VALUES ('q1', 'q', 'pq', 'FOCUS_SESSION', 'd', 'r', 5, 'PENDING', '2026-03-14');
INSERT INTO btwin.provenance (user_id, kind, id, method, version, computed_for) VALUES ('q', 'intervention_recommendations', 'q1', 'btwin', 'intervention-1', '2026-03-14');
SELECT is(btwin._analyze_outcomes('q', '2026-03-16 12:00'), '{"outcomes": 1, "interventions_completed": 0, "interventions_skipped": 1}', 'outcome and end in one go');
SELECT is((SELECT string_agg(position || ' ' || step || ' ' || function, ', ' ORDER BY position) FROM btwin.analysis_step WHERE step IN ('outcomes', 'struggle')), '10 outcomes btwin._analyze_outcomes, 30 struggle btwin._analyze_struggle', 'steps of the analysis');
SELECT * FROM finish();
