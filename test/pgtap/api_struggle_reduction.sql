-- Struggles before and after, as an application sees them.
\set QUIET on
SET client_min_messages = warning;
SET DateStyle = 'ISO, YMD';
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS btwin;
SELECT plan(40);
SET timezone = 'UTC';
CREATE TEMP TABLE attached AS SELECT * FROM btwin.attach('public');
\ir api_helpers.psql
-- a score as text: value, interval, confidence, rows, reason
CREATE FUNCTION pg_temp.shown(score jsonb) RETURNS text LANGUAGE sql AS $$
SELECT concat_ws(' ', coalesce(round((score ->> 'value')::numeric, 5)::text, '-'), coalesce(round((score ->> 'low')::numeric, 5)::text, '-'), coalesce(round((score ->> 'high')::numeric, 5)::text, '-'),
                 round((score ->> 'confidence')::numeric, 5), score ->> 'evidence_count', score ->> 'reason')
$$;

-- The moment is 2026-03-16 12:00 in UTC. A week: the current one begins on the 9th at 12:00, the baseline on the 2nd at 12:00.
INSERT INTO users (id, behavioral_analysis_enabled) VALUES ('sam', true), ('tim', true), ('zoe', true), ('eve', true), ('off', false);
INSERT INTO courses (id, user_id, name) SELECT 'k' || u, u, 'Course of ' || u FROM unnest('{sam,tim,zoe}'::text[]) u;
INSERT INTO lectures (id, user_id, course_id, title, file_name, file_url, file_size) SELECT 'v' || u, u, 'k' || u, 't', 'f', 'u', 1 FROM unnest('{sam,tim,zoe}'::text[]) u;
INSERT INTO learning_objectives (id, lecture_id, objective, extracted_by) SELECT u || n, 'v' || u, 'o', 'x' FROM unnest('{sam,tim,zoe}'::text[]) u, generate_series(1, 9) n;
INSERT INTO cards (id, course_id, objective_id, front, back) SELECT 'c' || u || n, 'k' || u, CASE WHEN n < 10 THEN u || n END, 'f', 'b' FROM unnest('{sam,tim,zoe}'::text[]) u, generate_series(1, 10) n;
INSERT INTO study_sessions (id, user_id, started_at, completed_at, objective_completions) VALUES
    ('s0', 'sam', '2026-03-02 11:59:59.999999+00', '2026-03-02 12:30+00', '[{"objectiveId": "sam7"}]'),                  -- before the baseline
    ('s1', 'sam', '2026-03-02 12:00+00',           '2026-03-02 12:30+00', '[{"objectiveId": "sam6"}]'),                  -- as it begins
    ('s2', 'sam', '2026-03-03 10:00+00',           '2026-03-03 10:30+00', '[{"objectiveId": "sam1"}, {"objective_id": "sam2"}, "junk", {"x": 1}]'),
    ('s3', 'sam', '2026-03-04 10:00+00',           NULL,                  '[{"objectiveId": "sam8"}]'),                  -- never completed
    ('s4', 'sam', '2026-03-09 11:59:59.999999+00', '2026-03-09 12:30+00', '{"objectiveId": "sam8"}'),                    -- no list; the last of the baseline
    ('s5', 'sam', '2026-03-09 12:00+00',           '2026-03-09 12:30+00', '[{"objectiveId": "sam1"}, {"objectiveId": "sam8"}]'),
    ('s6', 'sam', '2026-03-10 12:00+00',           '2026-03-16 12:00+00', '[{"objectiveId": "sam3"}, {"objectiveId": "sam4"}, {"objectiveId": "sam5"}]'),
    ('s7', 'sam', '2026-03-11 12:00+00',           '2026-03-16 12:00:00.000001+00', '[{"objectiveId": "sam9"}]'),        -- completed later
    ('s8', 'sam', '2026-03-12 12:00+00',           '2026-03-12 12:30+00', '[{"objectiveId": "sam6"}, {"objectiveId": "sam7"}]'),
    ('s9', 'sam', '2026-03-16 12:00+00',           '2026-03-16 12:00+00', '[{"objectiveId": "sam9"}]');                  -- not before the moment
INSERT INTO reviews (id, user_id, card_id, session_id, rating, time_spent_ms, reviewed_at) VALUES
    ('r1', 'sam', 'csam3', 's2', 'AGAIN', 1, '2026-03-03 10:01+00'), ('r2', 'sam', 'csam1', 's2', 'HARD', 1, '2026-03-03 10:02+00'),
    ('r3', 'sam', 'csam6', NULL, 'AGAIN', 1, '2026-03-03 10:03+00'), ('r4', 'sam', 'csam8', 's3', 'AGAIN', 1, '2026-03-04 10:01+00'), ('r5', 'sam', 'csam10', 's2', 'AGAIN', 1, '2026-03-03 10:04+00'),
    ('r6', 'sam', 'csam2', 's5', 'AGAIN', 1, '2026-03-09 12:01+00'), ('r7', 'sam', 'csam2', 's6', 'GOOD', 1, '2026-03-10 12:01+00'), ('r8', 'sam', 'csam3', 's6', 'GOOD', 1, '2026-03-10 12:02+00'),
    ('r9', 'sam', 'csam1', 's6', 'AGAIN', 1, '2026-03-16 12:00+00');
INSERT INTO validation_prompts (id, prompt_text, prompt_type, concept_name, objective_id) SELECT 'q' || n, 'p', 'CLINICAL_REASONING', 'c', CASE WHEN n < 10 THEN 'sam' || n END FROM generate_series(1, 10) n;
-- what an adopted table may hold
ALTER TABLE validation_responses DROP CONSTRAINT validation_responses_confidence_check;
INSERT INTO validation_responses (id, user_id, prompt_id, session_id, user_answer, ai_evaluation, score, confidence, responded_at, skipped) VALUES
    ('w1', 'sam', 'q4', 's2', 'a', 'e', 0.599999, 0.4, '2026-03-03 10:05+00', false), ('w2', 'sam', 'q5', 's4', 'a', 'e', 0.6, 0.6, '2026-03-09 11:59:59.999999+00', false),
    ('w3', 'sam', 'q7', 's2', 'a', 'e', 0.1, 0.9, '2026-03-03 10:07+00', true), ('w4', 'sam', 'q10', 's2', 'a', 'e', 0.1, 'NaN', '2026-03-03 10:08+00', false),
    ('w5', 'sam', 'q2', 's5', 'a', 'e', 0.1, 0.9, '2026-03-09 12:00+00', false), ('w6', 'sam', 'q3', NULL, 'a', 'e', 0.1, 'Infinity', '2026-03-10 12:00+00', false),
    ('w7', 'sam', 'q3', NULL, 'a', 'e', 0.1, NULL, '2026-03-10 12:00+00', false), ('w8', 'sam', 'q3', NULL, 'a', 'e', 0.1, 5, '2026-03-16 12:00+00', false), ('w9', 'sam', 'q3', NULL, 'a', 'e', 0.1, '-Infinity', '2026-03-10 12:00+00', false);
-- before: 1 2 6 completed, 3 reviewed, 4 5 validated; hard were 3 (AGAIN) and 4 (below 0.6): 2 of 6. Since: 1 to 8; hard was 2 alone: 1 of 8.
CREATE TEMP TABLE week AS SELECT btwin_api.struggle_reduction('sam', 'week', as_of => '2026-03-16 12:00+00') AS d;
SELECT is((SELECT (d -> 'baseline') - 'rate' FROM week), '{"start_at": "2026-03-02T12:00:00+00:00", "end_at": "2026-03-09T12:00:00+00:00", "topics_studied": 6, "topics_struggling": 2}'::jsonb, 'before');
SELECT is((SELECT (d -> 'current') - 'rate' FROM week), '{"start_at": "2026-03-09T12:00:00+00:00", "end_at": "2026-03-16T12:00:00+00:00", "topics_studied": 8, "topics_struggling": 1}'::jsonb, 'since');
-- Jeffreys: quantiles of Beta(2.5, 4.5) and Beta(1.5, 7.5)
SELECT is((SELECT pg_temp.shown(d #> '{baseline,rate}') FROM week), '0.33333 0.07677 0.71358 0.36319 6', 'the rate before');
SELECT is((SELECT pg_temp.shown(d #> '{current,rate}') FROM week), '0.12500 0.01384 0.45372 0.56012 8', 'the rate since');
SELECT is((SELECT d #>> '{current,rate,reasons,0}' FROM week), '1 of 8 topics studied were hard', 'in words');
-- 100 (1 - 0.125 / (1/3)); the interval by MOVER from the two above
SELECT is((SELECT pg_temp.shown(d -> 'reduction_percent') FROM week), '62.50000 -161.93536 96.13823 0.00000 14', 'by how much');
SELECT is((SELECT concat_ws(' ', d ->> 'meets_target', d #>> '{reduction_percent,reasons,0}') FROM week), 'true 2 of 6 topics before, 1 of 8 since', 'enough, it seems');
SELECT is((SELECT pg_temp.shown(d -> 'time_saved_minutes') FROM week), '30.00000 - - 0.00000 14', 'half an hour for one topic fewer');
-- 0.9 since, 0.4 and 0.6 before: what is skipped, none or infinite does not count
SELECT is((SELECT pg_temp.shown(d -> 'confidence_increase') FROM week), '0.40000 - - 0.23077 3', 'confidence: three answers');
SELECT is((SELECT d -> 'sufficient_data' FROM week), 'false', 'not enough to say');
SELECT is((SELECT jsonb_array_length(d -> 'caveats') || (d #>> '{caveats,5}') FROM week), '6fewer than 20 sessions in a period, or than 10 outcomes', 'and that it says');
-- weeks: by AGAIN alone
SELECT is((SELECT string_agg(concat_ws(' ', w ->> 'week_number', w ->> 'week_start', w ->> 'topics_studied', w ->> 'topics_struggling', round((w ->> 'rate')::numeric, 5)), ', ') FROM week, jsonb_array_elements(d -> 'timeline') w),
          '1 2026-03-02T12:00:00+00:00 6 1 0.16667, 2 2026-03-09T12:00:00+00:00 8 1 0.12500', 'week by week');
SELECT is((SELECT concat_ws(' ', d #>> '{reduction_percent,method}', d #>> '{reduction_percent,version}', d #>> '{reduction_percent,computed_for}', d #>> '{baseline,rate,version}') FROM week),
          'btwin reduction-1 2026-03-16T12:00:00+00:00 reduction-1', 'by which rule');
SELECT is((SELECT array_agg(concat_ws(' ', p, d #>> '{baseline,start_at}', d #>> '{current,start_at}', jsonb_array_length(d -> 'timeline'), d #>> '{timeline,0,week_start}', d #>> '{timeline,1,week_start}'))
           FROM unnest('{month,all}'::text[]) p, btwin_api.struggle_reduction('sam', p, as_of => '2026-03-16 12:00+00') AS d),
          '{"month 2026-01-15T12:00:00+00:00 2026-02-14T12:00:00+00:00 9 2026-01-15T12:00:00+00:00 2026-01-19T12:00:00+00:00","all 2025-09-17T12:00:00+00:00 2025-12-16T12:00:00+00:00 26 2025-09-17T12:00:00+00:00 2025-09-22T12:00:00+00:00"}',
          'thirty and ninety days, the oldest week cut');
SELECT is(btwin_api.struggle_reduction('sam', 'month', as_of => '2026-03-16 12:00+00') #> '{timeline,5}', '{"week_number": 6, "week_start": "2026-02-16T12:00:00+00:00", "topics_studied": 0, "topics_struggling": 0, "rate": null}', 'a week without study: the sixth of nine');
SELECT is((SELECT concat_ws(' ', d #>> '{baseline,start_at}', d #>> '{baseline,end_at}', d #>> '{current,start_at}', d #>> '{baseline,topics_studied}', d #>> '{current,topics_studied}', jsonb_array_length(d -> 'timeline'))
           FROM btwin_api.struggle_reduction('sam', 'week', '2026-03-09 12:00+00', '2026-03-16 12:00+00') AS d),
          '2026-01-26T12:00:00+00:00 2026-03-09T12:00:00+00:00 2026-03-09T12:00:00+00:00 7 8 7', 'six weeks before a change, the seventh topic among them');
SELECT is(jsonb_array_length(btwin_api.struggle_reduction('sam', 'week', '2026-03-09 11:59:59.5+00', '2026-03-16 12:00+00') -> 'timeline'), 8, 'seven weeks and half a second begin an eighth');

-- what was applied since: two reviews of prerequisites, one of them for no prediction; one reduction of load, applied as the week began, whose outcome is not known
INSERT INTO courses (id, user_id, name) SELECT 'kz' || n, 'sam', n FROM unnest('{D,C,B,A}'::text[]) n;
INSERT INTO struggle_predictions (id, user_id, learning_objective_id, topic_id, predicted_struggle_probability, prediction_confidence, struggling_factors, prediction_date, predicted_at, actual_outcome, actual_outcome_recorded_at)
VALUES ('p1', 'sam', 'sam1', NULL, 0.7, 0.5, '{}', '2026-03-11', '2026-03-08', false, '2026-03-12'), ('p2', 'sam', 'sam2', 'kzA', 0.7, 0.5, '{}', '2026-03-11', '2026-03-08', NULL, NULL),
       ('p3', 'sam', 'sam3', 'kzB', 0.7, 0.5, '{}', '2026-03-11', '2026-03-08', NULL, NULL), ('p4', 'sam', 'sam4', 'kzC', 0.7, 0.5, '{}', '2026-03-11', '2026-03-08', NULL, NULL),
       ('p5', 'sam', 'sam5', 'kzD', 0.7, 0.5, '{}', '2026-03-11', '2026-03-08', NULL, NULL), ('p6', 'sam', 'sam6', 'kzD', 0.7, 0.5, '{}', '2026-03-11', '2026-03-08', NULL, NULL);
INSERT INTO intervention_recommendations (id, user_id, prediction_id, intervention_type, description, reasoning, priority, status, applied_at, created_at)
SELECT 'i' || n, 'sam', prediction, kind, 'd', 'r', 5, 'IN_PROGRESS', at, '2026-03-01'
FROM (VALUES (1, 'p1', 'PREREQUISITE_REVIEW', timestamptz '2026-03-10'), (2, NULL, 'PREREQUISITE_REVIEW', '2026-03-10'), (3, 'p2', 'COGNITIVE_LOAD_REDUCE', '2026-03-09 12:00+00'),
             (4, 'p3', 'COGNITIVE_LOAD_REDUCE', '2026-03-09 11:59:59.999999+00'), (5, 'p3', 'COGNITIVE_LOAD_REDUCE', '2026-03-16 12:00:00.000001+00'),
             (6, 'p2', 'FOCUS_SESSION', '2026-03-16 12:00+00'), (7, 'p3', 'FOCUS_SESSION', '2026-03-11'), (8, 'p4', 'FOCUS_SESSION', '2026-03-11'), (9, 'p5', 'FOCUS_SESSION', '2026-03-11'), (10, 'p6', 'FOCUS_SESSION', '2026-03-11')) AS v (n, prediction, kind, at);
-- Beta(2, 3) and one success: Beta(3, 3), as btwin_api.interventions has it; the courses by number (D has two), then by name
SELECT results_eq($$SELECT i ->> 'intervention_type', i ->> 'applied_count', i ->> 'outcome_count', pg_temp.shown(i -> 'success_rate'), i #>> '{success_rate,reasons}', i ->> 'courses'
                    FROM btwin_api.struggle_reduction('sam', 'week', as_of => '2026-03-16 12:00+00') AS d, jsonb_array_elements(d -> 'interventions') WITH ORDINALITY AS e (i, n) ORDER BY n$$,
    $$VALUES ('FOCUS_SESSION', '5', '0', '- - - 0.00000 0 no_outcome', '[]', '["D", "A", "B"]'),
             ('PREREQUISITE_REVIEW', '2', '1', '0.50000 0.14663 0.85337 0.29327 1', '["1 of 1 outcomes without a struggle"]', '["Course of sam"]'),
             ('COGNITIVE_LOAD_REDUCE', '1', '0', '- - - 0.00000 0 no_outcome', '[]', '["A"]')$$, 'interventions of the week, unknown outcomes are no failures');
-- retention of treated objectives since: sam1 0.5 to 0.7, +20 (0.1 lies before, 0.99 after); sam2 one day only; sam3 0.8 to 0.7, -10
INSERT INTO performance_metrics (user_id, learning_objective_id, date, retention_score, study_time_ms, review_count, correct_reviews, incorrect_reviews)
SELECT 'sam', o, d, r, 1, 1, 1, 0 FROM (VALUES ('sam1', timestamptz '2026-03-09 11:59:59.999999+00', 0.1), ('sam1', '2026-03-09 12:00+00', 0.5), ('sam1', '2026-03-12', 0.9), ('sam1', '2026-03-15', 0.7), ('sam1', '2026-03-16 12:00+00', 0.99),
    ('sam2', '2026-03-12', 0.3), ('sam3', '2026-03-12', 0.8), ('sam3', '2026-03-13', 0.7), ('sam9', '2026-03-12', 0.1), ('sam9', '2026-03-13', 0.9)) AS v (o, d, r);
SELECT is(pg_temp.shown(btwin_api.struggle_reduction('sam', 'week', as_of => '2026-03-16 12:00+00') -> 'performance_improvement'), '5.00000 -100.00000 100.00000 0.16667 2', 'mean of +20 and -10 points: Student''s interval is 5 +- 12.706 * 15, and points end at 100');
SELECT is(btwin_api.struggle_reduction('sam', 'week', as_of => '2026-03-16 12:00+00') #>> '{performance_improvement,reasons,0}', 'last less first retention of 2 treated predictions', 'in words');
SELECT is((SELECT pg_temp.shown(d -> 'performance_improvement') || ', ' || (d ->> 'interventions') FROM week), '- - - 0.00000 0 no_rows, []', 'before anything was applied there was none');

-- tim: 4 of 8 before, 3 of 8 since: 25 percent less, which meets the target; twenty sessions each, ten outcomes
INSERT INTO study_sessions (id, user_id, started_at, completed_at, objective_completions)
SELECT 'tb' || n, 'tim', timestamptz '2026-03-03' + n * interval '1 hour', timestamptz '2026-03-04', CASE n WHEN 1 THEN (SELECT jsonb_agg(jsonb_build_object('objectiveId', 'tim' || o)) FROM generate_series(1, 8) o) END FROM generate_series(1, 20) n
UNION ALL
SELECT 'tc' || n, 'tim', CASE n WHEN 20 THEN timestamptz '2026-03-09 12:00+00' ELSE timestamptz '2026-03-10' + n * interval '1 hour' END, timestamptz '2026-03-11', CASE n WHEN 1 THEN (SELECT jsonb_agg(jsonb_build_object('objectiveId', 'tim' || o)) FROM generate_series(1, 8) o) END FROM generate_series(1, 20) n;
INSERT INTO reviews (user_id, card_id, session_id, rating, time_spent_ms, reviewed_at)
SELECT 'tim', 'ctim' || n, 'tb2', 'AGAIN', 1, timestamptz '2026-03-03 02:01+00' FROM generate_series(1, 4) n UNION ALL SELECT 'tim', 'ctim' || n, 'tc2', 'AGAIN', 1, timestamptz '2026-03-10 02:01+00' FROM generate_series(1, 3) n;
INSERT INTO struggle_predictions (user_id, learning_objective_id, predicted_struggle_probability, prediction_confidence, struggling_factors, prediction_date, predicted_at, actual_outcome, actual_outcome_recorded_at)
SELECT 'tim', 'tim1', 0.7, 0.5, '{}', CASE n WHEN 1 THEN timestamptz '2026-03-02 12:00+00' WHEN 2 THEN '2026-04-16 11:59:59.999999+00' ELSE '2026-03-11' END, '2026-03-01', false, '2026-03-16 12:00+00' FROM generate_series(1, 10) n;
SELECT is((SELECT concat_ws(' ', pg_temp.shown(d -> 'reduction_percent'), d ->> 'meets_target', d ->> 'sufficient_data', jsonb_array_length(d -> 'caveats')) FROM btwin_api.struggle_reduction('tim', 'week', as_of => '2026-03-16 12:00+00') AS d),
          '25.00000 -126.53459 77.89401 0.00000 16 true true 5', 'just enough of everything');
INSERT INTO reviews (id, user_id, card_id, session_id, rating, time_spent_ms, reviewed_at) VALUES ('more', 'tim', 'ctim4', 'tc2', 'AGAIN', 1, '2026-03-10 02:02+00');
SELECT is((SELECT concat_ws(' ', d #>> '{reduction_percent,value}', d ->> 'meets_target', d #>> '{time_saved_minutes,value}') FROM btwin_api.struggle_reduction('tim', 'week', as_of => '2026-03-16 12:00+00') AS d), '0 false 0', 'no less');
INSERT INTO reviews (id, user_id, card_id, session_id, rating, time_spent_ms, reviewed_at) VALUES ('still', 'tim', 'ctim5', 'tc2', 'AGAIN', 1, '2026-03-10 02:02+00');
SELECT is((SELECT concat_ws(' ', d #>> '{reduction_percent,value}', d #>> '{time_saved_minutes,value}') FROM btwin_api.struggle_reduction('tim', 'week', as_of => '2026-03-16 12:00+00') AS d), '-25 0', 'more: less than nothing, and no time saved');
DELETE FROM reviews WHERE user_id = 'tim' AND session_id = 'tc2';
SELECT is(pg_temp.shown(btwin_api.struggle_reduction('tim', 'week', as_of => '2026-03-16 12:00+00') -> 'reduction_percent'), '100.00000 34.31796 100.00000 0.34318 16', 'none left');
UPDATE struggle_predictions SET actual_outcome_recorded_at = '2026-03-16 12:00:00.000001+00' WHERE id = (SELECT max(id) FROM struggle_predictions WHERE user_id = 'tim');
SELECT is(btwin_api.struggle_reduction('tim', 'week', as_of => '2026-03-16 12:00+00') -> 'sufficient_data', 'false', 'nine outcomes are too few');
UPDATE struggle_predictions SET actual_outcome_recorded_at = '2026-03-16 12:00+00' WHERE user_id = 'tim';
SELECT is(btwin_api.struggle_reduction('tim', 'week', as_of => '2026-03-16 12:00+00') -> 'sufficient_data', 'true', 'ten are not');
UPDATE struggle_predictions SET prediction_date = '2026-04-16 12:00+00' WHERE user_id = 'tim' AND prediction_date = '2026-04-16 11:59:59.999999+00';
SELECT is(btwin_api.struggle_reduction('tim', 'week', as_of => '2026-03-16 12:00+00') -> 'sufficient_data', 'false', 'but none for more than 31 days ahead');
UPDATE struggle_predictions SET prediction_date = '2026-03-11' WHERE user_id = 'tim' AND prediction_date = '2026-04-16 12:00+00';
UPDATE study_sessions SET completed_at = NULL WHERE id = 'tb20';
SELECT is(btwin_api.struggle_reduction('tim', 'week', as_of => '2026-03-16 12:00+00') -> 'sufficient_data', 'false', 'nineteen sessions before');
UPDATE study_sessions SET completed_at = CASE id WHEN 'tb20' THEN timestamptz '2026-03-04' END WHERE id IN ('tb20', 'tc20');
SELECT is(btwin_api.struggle_reduction('tim', 'week', as_of => '2026-03-16 12:00+00') -> 'sufficient_data', 'false', 'nineteen since');

-- nothing hard before: no rate to compare with
INSERT INTO study_sessions (id, user_id, started_at, completed_at, objective_completions) VALUES ('z1', 'zoe', '2026-03-03', '2026-03-03 01:00+00', '[{"objectiveId": "zoe1"}]'), ('z2', 'zoe', '2026-03-10', '2026-03-10 01:00+00', '[{"objectiveId": "zoe1"}]');
SELECT is((SELECT concat_ws(' ', pg_temp.shown(d -> 'reduction_percent'), d ->> 'meets_target', d #>> '{time_saved_minutes,value}', d #>> '{baseline,rate,reasons}') FROM btwin_api.struggle_reduction('zoe', 'week', as_of => '2026-03-16 12:00+00') AS d), '- - - 0.00000 2 zero_baseline 0 ["0 of 1 topics studied were hard"]', 'a baseline of nothing');
UPDATE study_sessions SET completed_at = NULL WHERE id = 'z1';
SELECT is((SELECT concat_ws(' ', pg_temp.shown(d -> 'reduction_percent'), pg_temp.shown(d #> '{baseline,rate}'), pg_temp.shown(d -> 'time_saved_minutes')) FROM btwin_api.struggle_reduction('zoe', 'week', as_of => '2026-03-16 12:00+00') AS d),
          '- - - 0.00000 1 no_rows - - - 0.00000 0 no_rows - - - 0.00000 1 no_rows', 'nothing before');
UPDATE study_sessions SET completed_at = '2026-03-03 01:00+00' WHERE id = 'z1';
DELETE FROM study_sessions WHERE id = 'z2';
SELECT is((SELECT concat_ws(' ', pg_temp.shown(d -> 'reduction_percent'), pg_temp.shown(d #> '{current,rate}'), pg_temp.shown(d -> 'time_saved_minutes'), d #>> '{time_saved_minutes,reasons}') FROM btwin_api.struggle_reduction('zoe', 'week', as_of => '2026-03-16 12:00+00') AS d),
          '- - - 0.00000 1 no_rows - - - 0.00000 0 no_rows - - - 0.00000 1 no_rows []', 'nothing since');
SELECT is((SELECT jsonb_object_agg(k, 1) FROM jsonb_object_keys(btwin_api.struggle_reduction('eve', as_of => '2026-03-16 12:00+00')) k), (SELECT jsonb_object_agg(k, 1) FROM week, jsonb_object_keys(d) k), 'every key is there of nothing');
SELECT is((SELECT array_agg(concat_ws(' ', k, pg_temp.shown(d -> k))) FROM btwin_api.struggle_reduction('eve', as_of => '2026-03-16 12:00+00') AS d, unnest('{reduction_percent,performance_improvement,time_saved_minutes,confidence_increase}'::text[]) k),
          '{"reduction_percent - - - 0.00000 0 no_rows","performance_improvement - - - 0.00000 0 no_rows","time_saved_minutes - - - 0.00000 0 no_rows","confidence_increase - - - 0.00000 0 no_rows"}', 'without values');

SELECT is((SELECT array_agg(a || ': ' || pg_temp.refusal('SELECT * FROM btwin_api.struggle_reduction(''sam'', ' || a || ')')) FROM unnest(ARRAY['period => NULL', 'period => ''day''', 'activation_at => ''infinity''',
              'as_of => ''infinity''', 'as_of => ''2026-03-16 12:00+00'', activation_at => ''2026-03-16 12:00+00''', 'as_of => ''2026-03-16 12:00+00'', activation_at => ''2026-03-16 11:59:59.999999+00''',
              'as_of => ''2026-03-16 12:00+00'', activation_at => ''2016-03-15 12:00+00''', 'as_of => ''2026-03-16 12:00+00'', activation_at => ''2016-03-15 11:59:59.999999+00''']) a),
          ARRAY['period => NULL: PT400 missing_argument period', 'period => ''day'': PT400 not_allowed_value period', 'activation_at => ''infinity'': PT400 out_of_range activation_at', 'as_of => ''infinity'': PT400 out_of_range as_of',
                'as_of => ''2026-03-16 12:00+00'', activation_at => ''2026-03-16 12:00+00'': PT400 out_of_range activation_at', 'as_of => ''2026-03-16 12:00+00'', activation_at => ''2026-03-16 11:59:59.999999+00'': accepted',
                'as_of => ''2026-03-16 12:00+00'', activation_at => ''2016-03-15 12:00+00'': accepted', 'as_of => ''2026-03-16 12:00+00'', activation_at => ''2016-03-15 11:59:59.999999+00'': PT400 out_of_range activation_at'], 'refusals');
SELECT is(pg_temp.refusal($$SELECT btwin_api.struggle_reduction('off')$$), 'PT403 analysis_disabled', 'analysis switched off');
SELECT is(pg_temp.refusal($$SELECT btwin_api.struggle_reduction('nobody')$$), 'PT404 unknown_learner user_id', 'an unknown learner');
SELECT is(pg_temp.refusal('SELECT btwin_api.struggle_reduction()'), 'PT400 user_required user_id', 'nobody named');
SET btwin.user_id = 'sam';
SET search_path = '';
SET default_transaction_read_only = on;
SELECT btwin_api.struggle_reduction(period => 'week', as_of => '2026-03-16 12:00+00') #>> '{current,topics_studied}' AS studied \gset
RESET default_transaction_read_only;
RESET search_path;
RESET btwin.user_id;
SELECT is(:'studied'::text, '8', 'the caller''s own, without a path and read-only');
SELECT * FROM finish();
