-- session_plan: length, breaks, intensity and content of a mission's session (2.33,
-- 2.34, 2.22). The learner's clock is Berlin; 2026-03-16 12:00 UTC is 13:00 there.
\set QUIET on
SET client_min_messages = warning;
SET DateStyle = 'ISO, YMD';
SET timezone = 'Asia/Tokyo';    -- it must not matter
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS btwin;
BEGIN;
SELECT plan(109);
\set m '''2026-03-16 12:00+00''::timestamptz'

\ir api_helpers.psql
SELECT is(pg_temp.refusal($$SELECT btwin_api.session_plan('ann', 'm1')$$), 'PT400 not_attached', 'before attach');
CREATE TEMP TABLE attached AS SELECT * FROM btwin.attach('public');
INSERT INTO users (id) VALUES ('ann'), ('bob'), ('week'), ('long'), ('load'), ('habit'), ('none');
INSERT INTO users (id, behavioral_analysis_enabled) VALUES ('off', false);
INSERT INTO btwin.learner (user_id, time_zone) SELECT id, 'Europe/Berlin' FROM users;
CREATE FUNCTION pg_temp.mission(learner text, id text, objectives jsonb DEFAULT '[]', due int DEFAULT 20, new int DEFAULT 4) RETURNS void LANGUAGE sql AS $$
INSERT INTO missions (id, user_id, date, estimated_minutes, objectives, review_card_count, new_content_count) VALUES (id, learner, '2026-03-16', 50, objectives, due, new)
$$;
SELECT pg_temp.mission('ann', 'm1', '[{"id": "o1"}, {"objectiveId": "o2", "id": "x"}]'), pg_temp.mission('bob', 'm-bob'), pg_temp.mission('none', 'm-none', '"x"'), pg_temp.mission('off', 'm-off'),
       pg_temp.mission('ann', 'm-one', '[{"objective": {"id": "o1"}}]', 3, 1), pg_temp.mission('ann', 'm-three', '[{"id": "o1"}, {}, {"id": "o9"}]'), pg_temp.mission('ann', 'm-four', '[{"id": "o2"}, {"id": "o9"}, {"id": "o9"}, {"id": "o9"}]') \g /dev/null

-- the steps of the length: base, complexity, and each factor, rounded half up
SELECT is(btwin._plan_minutes(45, 'BASIC', '{1.2,0.85}'), '{35,42,36}', '35; 42; 35.7');
SELECT is(btwin._plan_minutes(45, 'INTERMEDIATE', '{0.9,1.1}'), '{45,41,45}', '45; 40.5; 45.1');
SELECT is(btwin._plan_minutes(45, 'ADVANCED', '{}'), '{60}', '60');
-- breaks: 5 minutes, every fourth 10, none at the end
SELECT results_eq($$SELECT b.* FROM (VALUES (25, 126, 0), (25, 25, 0), (25, 26, 0), (25, 60, 2), (25, 60, 1), (25, 30, 2), (25, 51, 2), (22.5, 91, 0), (22.5, 90, 0)) v (every, minutes, extra), btwin._plan_breaks(every, minutes, extra) b$$,
                  $$VALUES ('{25,50,75,100,125}'::int[], '{5,5,5,10,5}'::int[]), ('{}', '{}'), ('{25}', '{5}'),
                    -- two in 60, and two more: five parts of 12; or one: four of 15; one in 30, and two more: parts of 7, but 10 at least; 2 in 51 and two more
                    ('{12,24,36,48}', '{5,5,5,10}'), ('{15,30,45}', '{5,5,5}'), ('{10,20}', '{5,5}'), ('{10,20,30,40,50}', '{5,5,5,10,5}'),
                    -- 22.5, 45, 67.5, 90
                    ('{23,45,68,90}', '{5,5,5,10}'), ('{23,45,68}', '{5,5,5}')$$, 'breaks');

-- Content. o1 has easy cards and a hard one, o2 others; o9 is nobody's; b-card is of bob's course
INSERT INTO courses (id, user_id, name) VALUES ('k', 'ann', 'x'), ('k-bob', 'bob', 'x');
INSERT INTO lectures (id, user_id, course_id, title) VALUES ('l', 'ann', 'k', 'x'), ('l-bob', 'bob', 'k-bob', 'x');
INSERT INTO learning_objectives (id, lecture_id, objective) VALUES ('o1', 'l', 'Explain the Output of the heart'), ('o2', 'l', 'Preload and Afterload'), ('o3', 'l-bob', 'Preload');
INSERT INTO cards (id, course_id, objective_id, front, back, difficulty, next_review_at, review_count)
SELECT id, CASE WHEN id ~ '^b' THEN 'k-bob' ELSE 'k' END, objective, 'x', 'x', difficulty, :m - hours * interval '1 hour', reviews
FROM (VALUES ('e1', 'o1', 0.5, 1, 3), ('e2', 'o1', 1, 2, 3), ('e3', 'o1', 2, 3, 3), ('e4', 'o1', 3, 4, 3), ('e5', 'o1', 4, 5, 3), ('e6', 'o1', 4.9, 6, 3),
             ('f1', 'o2', 5, 7, 3), ('f2', 'o2', 6, 8, 3), ('f3', 'o2', 7, 9, 3), ('f4', 'o2', 7.9, 10, 3), ('f5', 'o2', 7.95, 10, 3),
             ('h1', 'o1', 8, 11, 3), ('h2', 'o2', 10, 0, 3), ('late', 'o2', 1, -2, 3), ('n1', 'o1', 5, NULL, 0), ('n2', 'o1', 4, NULL, 0), ('n3', 'o2', 3, NULL, 0), ('n4', 'o2', 2, NULL, 0), ('n5', 'o2', 2, NULL, 0),
             ('b1', 'o1', 0.1, 1, 3), ('b2', 'o1', 0.1, NULL, 0), ('other', NULL, 0.1, 1, 3)) v (id, objective, difficulty, hours, reviews);
INSERT INTO validation_prompts (id, prompt_text, prompt_type, concept_name, objective_id, difficulty_level) VALUES
    ('v1', 'x', 'EXPLAIN_TO_PATIENT', 'Output', NULL, 0.5), ('v2', 'x', 'CLINICAL_REASONING', 'Preload', NULL, 0.7), ('v3', 'x', 'CLINICAL_REASONING', 'Afterload', NULL, NULL), ('v4', 'x', 'CLINICAL_REASONING', 'and', NULL, 0.3),
    ('v5', 'x', 'EXPLAIN_TO_PATIENT', 'output', NULL, 0.5), ('v6', 'x', 'EXPLAIN_TO_PATIENT', 'of', NULL, 0.5), ('v7', 'x', 'EXPLAIN_TO_PATIENT', 'the', NULL, 0.6);
-- a plan in a line: start, minutes, intensity; breaks; phases; content; total
CREATE FUNCTION pg_temp.line(d jsonb) RETURNS text LANGUAGE sql AS $$
SELECT concat_ws(' | ', to_char((d ->> 'start_time')::timestamptz AT TIME ZONE 'UTC', 'HH24:MI'), concat_ws(' ', d ->> 'duration_minutes', d ->> 'intensity'), concat_ws(' ', d #> '{breaks,break_intervals}', d #> '{breaks,total_break_minutes}'),
                 (SELECT string_agg(p ->> 'minutes', '+' ORDER BY o) FROM jsonb_array_elements(d #> '{content_sequence,phases}') WITH ORDINALITY AS e (p, o)),
                 (SELECT string_agg(part, ' / ' ORDER BY first) FROM (SELECT string_agg(s ->> 'id', ' ' ORDER BY o) AS part, min(o) AS first FROM jsonb_array_elements(d #> '{content_sequence,sequence}') WITH ORDINALITY AS e (s, o) GROUP BY s ->> 'phase') p),
                 d #> '{content_sequence,total_minutes}')
$$;
CREATE FUNCTION pg_temp.ask(learner text, mission text, method text DEFAULT 'btwin', minutes int DEFAULT NULL, intensity text DEFAULT NULL, start_at timestamptz DEFAULT NULL, as_of timestamptz DEFAULT '2026-03-16 12:00+00') RETURNS text LANGUAGE sql AS $$
SELECT pg_temp.line(btwin_api.session_plan(learner, mission, start_at, minutes, intensity, method, as_of))
$$;
-- epic5: no profile 45, two objectives; no good hour x 0.9 = 40.5, 41; no hours of study x 1.1 = 45.1, 45. Warm-up 9, peak 27, wind-down 9 minutes.
-- Five of six easy cards; three new ones and two questions by turns (v2 to v4 and v7 are matched by a word too); four of five medium ones. 10 + 9 + 10 + 8 = 37.
SELECT is(pg_temp.ask('ann', 'm1', 'epic5'), '12:00 | 45 LOW | [25] 5 | 9+27+9 | e1 e2 e3 e4 e5 / n1 v1 n2 v2 n3 / f1 f2 f3 f4 | 37', 'epic5');
-- btwin: 45 as nothing is known of hours; a break of 5 leaves 40: 8, 24 and 8 minutes. Four easy cards; by turns new, question, hard card:
-- 3 + 5 + 2 + 3 + 5 + 2 + 3 = 23, another new one would be 26; four medium ones
CREATE TEMP TABLE first AS SELECT btwin_api.session_plan('ann', 'm1', as_of => :m) AS d;
SELECT is(pg_temp.line(d), '12:00 | 45 MEDIUM | [25] 5 | 8+24+8 | e1 e2 e3 e4 / n1 v1 h1 n2 v2 h2 n3 / f1 f2 f3 f4 | 39', 'btwin') FROM first;
SELECT is(d #> '{content_sequence,sequence,0}', '{"kind": "REVIEW_CARD", "phase": "WARM_UP", "id": "e1", "objective_id": "o1", "minutes": 2, "difficulty": 0.5}', 'an easy card') FROM first;
SELECT is((SELECT string_agg(concat_ws(' ', s ->> 'kind', s ->> 'phase', s ->> 'objective_id', s ->> 'minutes', s ->> 'difficulty'), ', ' ORDER BY o) FROM jsonb_array_elements(d #> '{content_sequence,sequence}') WITH ORDINALITY AS e (s, o) WHERE o IN (5, 6, 7, 12)),
          'NEW_CARD PEAK o1 3 5, VALIDATION PEAK o1 5 5, REVIEW_CARD PEAK o1 2 8, REVIEW_CARD WIND_DOWN o2 2 5', 'and others') FROM first;
SELECT is(d - 'id' - 'content_sequence', '{"mission_id": "m1", "start_time": "2026-03-16T21:00:00+09:00", "end_time": "2026-03-16T21:45:00+09:00", "duration_minutes": 45, "intensity": "MEDIUM", "confidence": 0,
    "breaks": {"break_intervals": [25], "break_minutes": [5], "total_break_minutes": 5, "reasoning": "A break after every 25 minutes."},
    "reasoning": {"time_selection": ["Starts now: no other time was asked for.", "How well you do at this hour is not known."],
                  "duration_logic": ["No best length is known of you: 45 minutes to begin with.", "Two or three objectives: 45 minutes.", "Good lengths lie between 36 and 54 minutes."],
                  "content_sequencing": ["Easy cards that are due to warm up: 4.", "New and demanding things while attention is best: 7.", "Cards of medium difficulty that are due to end with: 4."],
                  "intensity_factors": ["The load from study history is not known."]},
    "computed_for": "2026-03-16T21:00:00+09:00", "method": "btwin", "version": "plan-1"}', 'the rest of it') FROM first;

-- the row
SELECT results_eq($$SELECT id, user_id, mission_id, created_at, applied_at, plan_data FROM session_orchestration_plans$$,
    $$SELECT d ->> 'id', 'ann', 'm1', '2026-03-16 12:00+00'::timestamptz, NULL::timestamptz,
             d - 'id' - 'mission_id' - 'start_time' - 'end_time' - 'computed_for' || '{"plannedStartTime": "2026-03-16T12:00:00.000Z", "plannedEndTime": "2026-03-16T12:45:00.000Z"}' FROM first$$, 'one plan, as it was last');
SELECT results_eq($$SELECT user_id, kind, id, method, version, computed_for, evidence_count FROM btwin.provenance$$,
    $$SELECT 'ann', 'session_orchestration_plans', d ->> 'id', 'btwin', 'plan-1', '2026-03-16 12:00+00'::timestamptz, 0 FROM first$$, 'where it comes from');
CREATE TEMP TABLE lay AS SELECT s.ctid AS at, p.ctid AS made_at FROM session_orchestration_plans s JOIN btwin.provenance p ON p.id = s.id;
SELECT is(btwin_api.session_plan('ann', 'm1', as_of => :m), d, 'again: the same') FROM first;
SELECT is(btwin_api.session_plan('ann', 'm1', start_at => :m, as_of => :m - interval '1 second') ->> 'id', d ->> 'id', 'asked for that start') FROM first;
SELECT is((SELECT count(*) FROM lay l JOIN session_orchestration_plans s ON s.ctid = l.at), 0::bigint, 'other words, another row version');
TRUNCATE lay;
INSERT INTO lay SELECT s.ctid AS at, p.ctid AS made_at FROM session_orchestration_plans s JOIN btwin.provenance p ON p.id = s.id;
SELECT is(btwin_api.session_plan('ann', 'm1', start_at => :m, as_of => :m) ->> 'computed_for', '2026-03-16T21:00:00+09:00', 'the same plan at another moment');
SELECT results_eq('SELECT s.ctid, p.ctid FROM session_orchestration_plans s JOIN btwin.provenance p ON p.id = s.id', 'SELECT * FROM lay', 'is not written');
SELECT is(btwin_api.session_plan('ann', 'm1', method_is => 'epic5', as_of => :m) ->> 'id', d ->> 'id', 'by the other method in its place') FROM first;
SELECT results_eq($$SELECT plan_data ->> 'method', p.method, p.version FROM session_orchestration_plans s JOIN btwin.provenance p ON p.id = s.id$$, $$VALUES ('epic5', 'epic5', 'epic5-1')$$, 'with its name');
UPDATE session_orchestration_plans SET applied_at = :m;
SELECT isnt(btwin_api.session_plan('ann', 'm1', as_of => :m) ->> 'id', d ->> 'id', 'a plan that was taken up stays') FROM first;
SELECT is((SELECT count(*) || ' ' || count(applied_at) FROM session_orchestration_plans), '2 1', 'two of them');

-- complexity: 1 basic, 2 and 3 as they are, 4 advanced; epic5: x 0.9 x 1.1
SELECT is(pg_temp.ask('ann', 'm-one', 'epic5'), '12:00 | 35 LOW | [25] 5 | 7+21+7 | e5 e6 / n1 v1 v7 | 17', 'one objective: 35; 31.5, 32; 35.2. The three cards that are due longest: h1, e6, e5');
SELECT is(left(pg_temp.ask('ann', 'm-three', 'epic5'), 10), '12:00 | 45', 'three');
SELECT is(left(pg_temp.ask('ann', 'm-four', 'epic5'), 10), '12:00 | 59', 'four: 60; 54; 59.4');
SELECT is((SELECT d #>> '{reasoning,duration_logic,1}' FROM btwin_api.session_plan('ann', 'm-four', as_of => :m) d), 'More than three objectives: 60 minutes.', 'in words');
SELECT is(pg_temp.ask('none', 'm-none', 'epic5'), '12:00 | 35 LOW | [25] 5 | 7+21+7 | 0', 'a mission without objectives');
SELECT is(d #> '{reasoning,content_sequencing}', '["No card and no question belongs to the objectives."]', 'has no content') FROM btwin_api.session_plan('none', 'm-none', as_of => :m) d;
SELECT is(d #> '{content_sequence,sequence}', '[]', 'none at all') FROM btwin_api.session_plan('none', 'm-none', as_of => :m) d;
-- a length that was asked for: epic5 takes the breaks of the one it worked out
SELECT is(pg_temp.ask('ann', 'm1', 'epic5', 120), '12:00 | 120 LOW | [25] 5 | 15+72+24 | e1 e2 e3 e4 e5 / n1 v1 n2 v2 n3 / f1 f2 f3 f4 | 37', 'epic5: breaks of 45 minutes, content of any length');
-- 15 minutes: no break; 3, 9 and 3: one card, 3 + 5, one card
SELECT is(pg_temp.ask('ann', 'm1', minutes => 15), '12:00 | 15 MEDIUM | [] 0 | 3+9+3 | e1 / n1 v1 / f1 | 12', 'btwin: what fits');
SELECT is(d #>> '{breaks,reasoning}', 'So short that it needs no break.', 'in words') FROM btwin_api.session_plan('ann', 'm1', duration_minutes => 15, as_of => :m) d;
-- 180 minutes: breaks 25 to 175 are seven, the fourth 10: 40; 140: min(15, 28), 97, 28: seven of six easy cards, all there is, five medium ones
SELECT is(pg_temp.ask('ann', 'm1', minutes => 180), '12:00 | 180 MEDIUM | [25, 50, 75, 100, 125, 150, 175] 40 | 15+97+28 | e1 e2 e3 e4 e5 e6 / n1 v1 h1 n2 v2 h2 n3 n4 / f1 f2 f3 f4 f5 | 48', 'all there is');
SELECT is(d #>> '{reasoning,duration_logic,3}', 'The length was asked for: 180 minutes.', 'in words') FROM btwin_api.session_plan('ann', 'm1', duration_minutes => 180, as_of => :m) d;
-- an hour at the end, in the time of the plan: what is due by then
SELECT is(pg_temp.ask('ann', 'm-four', minutes => 60, start_at => :m + interval '2 hours'), '14:00 | 60 MEDIUM | [25, 50] 10 | 10+30+10 | late / n3 v2 h2 n4 v3 n5 / f1 f2 f3 f4 f5 | 33', 'btwin: due by the start');
SELECT is(pg_temp.ask('ann', 'm-four', 'epic5', 60, start_at => :m + interval '2 hours'), '14:00 | 60 LOW | [25, 50] 10 | 12+36+12 | n3 v2 n4 v3 n5 / f1 f2 f3 f4 | 27', 'epic5: due now');
SELECT is(pg_temp.ask('ann', 'm-four', minutes => 60, start_at => :m - interval '9 hours'), '03:00 | 60 MEDIUM | [25, 50] 10 | 10+30+10 | n3 v2 h2 n4 v3 n5 / f1 f2 f3 f4 f5 | 31', 'a start in the past: due now');
-- low intensity: nothing new, two more breaks; 45 x 0.6 = 27: (27 - 1)/25 = 1, and two more: parts of 6, so 10; 10 minutes of breaks leave 17: 3, 11 and 3
SELECT is(pg_temp.ask('ann', 'm1', intensity => 'LOW'), '12:00 | 27 LOW | [10, 20] 10 | 3+11+3 | e1 / v1 h1 / f1 | 11', 'low');
SELECT is(pg_temp.ask('ann', 'm1', intensity => 'HIGH'), '12:00 | 54 HIGH | [25, 50] 10 | 9+26+9 | e1 e2 e3 e4 / n1 v1 h1 n2 v2 h2 n3 n4 / f1 f2 f3 f4 | 42', 'high: 45 x 1.2; 44: 8.8, 26, 8.8');
-- two in an hour and two more leave 35: 7, 21 and 7; no new cards: 5 + 2 + 5 + 2
SELECT is(pg_temp.ask('ann', 'm1', minutes => 60, intensity => 'LOW'), '12:00 | 60 LOW | [12, 24, 36, 48] 25 | 7+21+7 | e1 e2 e3 / v1 h1 v2 h2 / f1 f2 f3 | 26', 'two breaks more');
SELECT is(pg_temp.ask('ann', 'm1', 'epic5', intensity => 'HIGH'), '12:00 | 45 HIGH | [25] 5 | 9+27+9 | e1 e2 e3 e4 e5 / n1 v1 n2 v2 n3 / f1 f2 f3 f4 | 37', 'epic5: a word only');
SELECT is(d #> '{reasoning,intensity_factors}', '["The intensity was asked for.", "The load from study history is not known.", "Two breaks more, and nothing new."]', 'in words') FROM btwin_api.session_plan('ann', 'm1', intensity => 'LOW', as_of => :m) d;

-- learners who learn by doing: clinical questions, and then questions before new cards where there are two of them
INSERT INTO user_learning_profiles (user_id, preferred_study_times, average_session_duration, optimal_session_duration, content_preferences, learning_style_profile, personalized_forgetting_curve, data_quality_score)
VALUES ('ann', '[]', 45, 60, '{}', '{"kinesthetic": 0.5}', '{}', 0.6);
-- 60 x 0.9 = 54; 59.4
SELECT is(pg_temp.ask('ann', 'm1', 'epic5'), '12:00 | 59 LOW | [25, 50] 10 | 12+35+12 | e1 e2 e3 e4 e5 / n1 v1 n2 v2 n3 / f1 f2 f3 f4 | 37', 'half is not more than half');
UPDATE user_learning_profiles SET learning_style_profile = '{"kinesthetic": 0.51}';
SELECT is(pg_temp.ask('ann', 'm1', 'epic5'), '12:00 | 59 LOW | [25, 50] 10 | 12+35+12 | e1 e2 e3 e4 e5 / v2 v1 n1 v3 v7 n2 n3 / f1 f2 f3 f4 | 53', 'two clinical questions, 8 minutes each');
SELECT is((SELECT string_agg(s ->> 'kind' || (s ->> 'minutes'), ' ' ORDER BY o) FROM jsonb_array_elements(d #> '{content_sequence,sequence}') WITH ORDINALITY AS e (s, o) WHERE s ->> 'phase' = 'PEAK'),
          'CLINICAL8 VALIDATION5 NEW_CARD3 CLINICAL8 VALIDATION5 NEW_CARD3 NEW_CARD3', 'by turns') FROM btwin_api.session_plan('ann', 'm1', method_is => 'epic5', as_of => :m) d;
SELECT is((d ->> 'confidence')::float8 = 0.6, true, 'confidence: the data quality') FROM btwin_api.session_plan('ann', 'm1', method_is => 'epic5', as_of => :m) d;
SELECT is((d ->> 'confidence')::float8 = 0.3, true, 'btwin: half of it, the load is not known') FROM btwin_api.session_plan('ann', 'm1', as_of => :m) d;
SELECT is(d #>> '{reasoning,duration_logic,0}', 'Your usual best length: 60 minutes.', 'in words') FROM btwin_api.session_plan('ann', 'm1', as_of => :m) d;
DELETE FROM validation_prompts WHERE id IN ('v3', 'v4');
SELECT is(pg_temp.ask('ann', 'm1', 'epic5'), '12:00 | 59 LOW | [25, 50] 10 | 12+35+12 | e1 e2 e3 e4 e5 / v2 n1 v1 n2 v7 n3 / f1 f2 f3 f4 | 45', 'one clinical question: new cards before the others');
SELECT is(pg_temp.ask('ann', 'm1', intensity => 'LOW') LIKE '%/ v1 h1 v7%', true, 'btwin, low intensity: no clinical question');
UPDATE users SET learning_style_profiling_enabled = false WHERE id = 'ann';
SELECT is(pg_temp.ask('ann', 'm1', 'epic5'), '12:00 | 59 LOW | [25, 50] 10 | 12+35+12 | e1 e2 e3 e4 e5 / n1 v1 n2 v2 n3 / f1 f2 f3 f4 | 37', 'not where the learner does not want that looked at');
-- btwin takes questions by their objective where there are any
UPDATE validation_prompts SET objective_id = CASE id WHEN 'v6' THEN 'o1' ELSE 'o3' END WHERE id IN ('v5', 'v6');
SELECT is((SELECT string_agg(concat_ws(' ', s ->> 'id', s ->> 'difficulty'), ', ') FROM jsonb_array_elements(d #> '{content_sequence,sequence}') s WHERE s ->> 'kind' = 'VALIDATION'), 'v6 5', 'by objective, ten times its level') FROM btwin_api.session_plan('ann', 'm1', as_of => :m) d;
SELECT is((SELECT string_agg(s ->> 'id', ' ') FROM jsonb_array_elements(d #> '{content_sequence,sequence}') s WHERE s ->> 'kind' = 'VALIDATION'), 'v1 v2', 'epic5 by the words only') FROM btwin_api.session_plan('ann', 'm1', method_is => 'epic5', as_of => :m) d;
-- three cards are due longest: one that was asked once counts, one that never was is new to btwin
INSERT INTO cards (id, course_id, objective_id, front, back, difficulty, next_review_at, review_count) SELECT id, 'k', 'o1', 'x', 'x', 1, :m - hours * interval '1 hour', reviews FROM (VALUES ('once', 21, 1), ('never', 20, 0)) v (id, hours, reviews);
SELECT is(pg_temp.ask('ann', 'm-one', minutes => 60), '12:00 | 60 MEDIUM | [25, 50] 10 | 10+30+10 | once e6 / n1 v6 h1 | 14', 'btwin: once, h1 and e6');
SELECT is(pg_temp.ask('ann', 'm-one', 'epic5', minutes => 60) LIKE '% | never once / %', true, 'epic5: once, never and h1, which is too hard');
DELETE FROM cards WHERE id IN ('once', 'never');
-- no card that is due, none that is new, or fewer
SELECT is((SELECT string_agg((SELECT string_agg(s ->> 'id', ' ') FROM jsonb_array_elements(btwin._plan_content('ann', 'btwin', '{o1}', due, new, 60, 'MEDIUM', :m) -> 'sequence') s), ', ' ORDER BY n)
           FROM (VALUES (1, 1, 0), (2, 0, 1), (3, 0, 0), (4, -1, -1)) v (n, due, new)), 'v6 h1, n1 v6, v6, v6', 'as many as the mission says');
-- profile of 0, and lengths out of bounds
UPDATE user_learning_profiles SET optimal_session_duration = 180, data_quality_score = 0;
SELECT is(left(pg_temp.ask('ann', 'm-four', intensity => 'HIGH'), 11), '12:00 | 180', 'no longer than 180');
SELECT is((d ->> 'duration_minutes') || ' ' || (d ->> 'confidence'), '194 0.5', 'epic5: 195 x 0.9 = 175.5, 176 x 1.1 = 193.6') FROM btwin_api.session_plan('ann', 'm-four', method_is => 'epic5', as_of => :m) d;
UPDATE user_learning_profiles SET optimal_session_duration = 15;
SELECT is(left(pg_temp.ask('ann', 'm-one'), 10), '12:00 | 15', 'no shorter than 15: 5');
SELECT is(left(pg_temp.ask('ann', 'm-one', 'epic5'), 11), '12:00 | 6 L', 'epic5: 5; 4.5, 5; 5.5, 6');

-- hours of the last 7 days: x 1.1 below 5, x 0.85 above 20 (base 45, one objective 35; at no good hour to epic5: 32)
SELECT pg_temp.mission('week', 'm-week') \g /dev/null
CREATE FUNCTION pg_temp.study(hours float8, back interval DEFAULT '1 day') RETURNS void LANGUAGE sql AS $$
DELETE FROM study_sessions WHERE user_id = 'week';
INSERT INTO study_sessions (id, user_id, started_at, completed_at, duration_ms) VALUES ('w', 'week', '2026-03-16 12:00+00'::timestamptz - back, '2026-03-16 11:00+00', round(hours * 3600000));
$$;
CREATE FUNCTION pg_temp.minutes(method text, hours float8, back interval DEFAULT '1 day') RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_temp.study(hours, back);
    RETURN btwin_api.session_plan('week', 'm-week', '2026-03-16 15:00+00', NULL, 'MEDIUM', method, '2026-03-16 12:00+00') ->> 'duration_minutes';
END $$;
-- 32 x 1.1 = 35.2; 32; 32 x 0.85 = 27.2
SELECT is(ARRAY[pg_temp.minutes('epic5', 4.999), pg_temp.minutes('epic5', 5), pg_temp.minutes('epic5', 20), pg_temp.minutes('epic5', 20.001)], '{35,32,32,27}', 'epic5');
SELECT is(ARRAY[pg_temp.minutes('btwin', 0), pg_temp.minutes('btwin', 86400001 / 3600000.0)], '{39,35}', 'a session of no time is one, of more than a day none');
-- 35 x 1.1 = 38.5, 39; 35; 35 x 0.85 = 29.75
SELECT is(ARRAY[pg_temp.minutes('btwin', 4.999), pg_temp.minutes('btwin', 5), pg_temp.minutes('btwin', 20), pg_temp.minutes('btwin', 20.001)], '{39,35,35,30}', 'btwin');
SELECT is(ARRAY[pg_temp.minutes('btwin', 1, '168 hours'), pg_temp.minutes('btwin', 1, '168 hours 1 second'), pg_temp.minutes('epic5', 1, '168 hours 1 second')], '{39,35,35}', 'a week; btwin does not take no study for little');
SELECT is(ARRAY[pg_temp.minutes('btwin', 24), pg_temp.minutes('btwin', 24.001)], '{30,35}', 'nor what is longer than a day');
SELECT pg_temp.study(20.001) \g /dev/null
SELECT is(d #>> '{reasoning,duration_logic,2}', 'You studied more than 20 hours in the last week: 30 minutes.', 'in words') FROM btwin_api.session_plan('week', 'm-week', intensity => 'MEDIUM', as_of => :m) d;
-- the session began on 15 March at 13:00 in Berlin: to epic5 the one good hour, x 1.2
SELECT is((SELECT string_agg(concat_ws(' ', d ->> 'duration_minutes', d #>> '{reasoning,time_selection,1}'), ', ' ORDER BY at) FROM unnest('{2026-03-16 12:00+00,2026-03-16 12:59:59+00,2026-03-16 13:00+00}'::timestamptz[]) at,
                  btwin_api.session_plan('week', 'm-week', at, NULL, NULL, 'epic5', :m) d),
          '36 The hour of the start is one of your best., 36 The hour of the start is one of your best., 27 How well you do at this hour is not known.', '42 x 0.85 = 35.7; 32 x 0.85 = 27.2');

-- breaks: 0.9 of the time to fatigue, the first ten minutes of a long session with less than 0.8 of the first share of good answers
SELECT pg_temp.mission('long', 'm-long') \g /dev/null
INSERT INTO courses (id, user_id, name) VALUES ('k-long', 'long', 'x');
INSERT INTO cards (id, course_id, front, back) VALUES ('c-long', 'k-long', 'x', 'x');
CREATE FUNCTION pg_temp.long(number int, minutes int, tired_at int) RETURNS void LANGUAGE sql AS $$
INSERT INTO study_sessions (id, user_id, started_at, completed_at, duration_ms)
SELECT 'l' || number, 'long', at, at + minutes * interval '1 minute', minutes * 60000 FROM (SELECT '2026-03-16 08:00+00'::timestamptz - number * interval '1 day' AS at) s;
INSERT INTO reviews (user_id, card_id, session_id, rating, reviewed_at, time_spent_ms, difficulty_before, difficulty_after, stability_before, stability_after)
SELECT 'long', 'c-long', 'l' || number, CASE WHEN g < tired_at THEN 'GOOD' ELSE 'HARD' END, '2026-03-16 08:00+00'::timestamptz - number * interval '1 day' + g * interval '1 minute', 1000, 5, 5, 1, 1 FROM generate_series(0, minutes - 1, 5) g
$$;
CREATE FUNCTION pg_temp.breaks(method text) RETURNS text LANGUAGE sql AS $$
SELECT (btwin_api.session_plan('long', 'm-long', NULL, 90, 'MEDIUM', method, '2026-03-16 12:00+00') #> '{breaks,break_intervals}')::text
$$;
SELECT pg_temp.long(1, 59, 10) \g /dev/null
-- epic5: breaks of the length it works out: 35
SELECT is(pg_temp.breaks('epic5') || pg_temp.breaks('btwin'), '[25][25, 50, 75]', 'no session of an hour');
SELECT pg_temp.long(2, 60, 20) \g /dev/null
SELECT is(pg_temp.breaks('epic5') || pg_temp.breaks('btwin'), '[18][25, 50, 75]', 'one: 0.9 x 20');
SELECT pg_temp.long(3, 60, 30), pg_temp.long(4, 60, 30), pg_temp.long(5, 60, 20) \g /dev/null
SELECT is(pg_temp.breaks('epic5') || pg_temp.breaks('btwin'), '[23][25, 50, 75]', 'four: 22.5');
SELECT pg_temp.long(6, 60, 30) \g /dev/null
SELECT is(pg_temp.breaks('epic5') || pg_temp.breaks('btwin'), '[23][23, 46, 69]', 'five: 0.9 x 26 = 23.4');
SELECT pg_temp.long(55, 1000, 1001) \g /dev/null
SELECT is(pg_temp.breaks('btwin'), '[45]', 'the fifty-fifth day is among them; never more than 45: 0.9 x (130 + 1000)/6');
DELETE FROM reviews WHERE session_id = 'l55';
DELETE FROM study_sessions WHERE id = 'l55';
SELECT pg_temp.long(56, 1000, 1001) \g /dev/null
SELECT is(pg_temp.breaks('btwin'), '[23, 46, 69]', 'eight weeks');
UPDATE study_sessions SET started_at = :m - interval '1344 hours' WHERE id = 'l56';
SELECT is(pg_temp.breaks('btwin'), '[45]', 'to the second');
UPDATE study_sessions SET started_at = :m - interval '1344 hours 1 second' WHERE id = 'l56';
SELECT is(pg_temp.breaks('btwin'), '[23, 46, 69]', 'and a second before');
UPDATE study_sessions SET started_at = :m - interval '50 days', duration_ms = 86400001 WHERE id = 'l56';
SELECT is(pg_temp.breaks('btwin'), '[23, 46, 69]', 'nor what is longer than a day');
UPDATE study_sessions SET duration_ms = 86400000 WHERE id = 'l56';
SELECT is(pg_temp.breaks('btwin'), '[45]', 'a day is not');
DELETE FROM reviews WHERE session_id = 'l56';
DELETE FROM study_sessions WHERE id = 'l56';
UPDATE reviews SET rating = 'AGAIN' WHERE user_id = 'long' AND rating = 'GOOD' AND reviewed_at::time >= '17:10';
SELECT is(pg_temp.breaks('btwin') || pg_temp.breaks('epic5'), '[15, 30, 45, 60, 75][9, 18, 27]', 'never less than 15; epic5: 9');

-- intensity by the load: one session of 40 minutes of 40: volume 100; its result s, 100 - s; validation not known 50; nothing given up 10: 42 + 0.3 (100 - s)
SELECT pg_temp.mission('load', 'm-load') \g /dev/null
INSERT INTO study_sessions (id, user_id, started_at, completed_at, duration_ms) VALUES ('lo', 'load', :m - interval '20 hours', :m - interval '19 hours', 2400000);
INSERT INTO behavioral_events (user_id, event_type, event_data, timestamp, session_performance_score) VALUES ('load', 'SESSION_ENDED', '{"sessionId": "lo"}', :m - interval '19 hours', 6);
CREATE FUNCTION pg_temp.chosen(result int, method text DEFAULT 'btwin') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    d jsonb;
BEGIN
    UPDATE behavioral_events SET session_performance_score = result WHERE user_id = 'load';
    d := btwin_api.session_plan('load', 'm-load', method_is => method, as_of => '2026-03-16 12:00+00');
    RETURN concat_ws(' ', d ->> 'intensity', d ->> 'duration_minutes', d #>> '{breaks,total_break_minutes}', d #>> '{reasoning,intensity_factors,0}');
END $$;
-- btwin: 35 x 1.1 = 38.5, 39; LOW x 0.6 = 23.4, 23, three breaks in it, but ten minutes apart
SELECT is(pg_temp.chosen(40), 'LOW 23 10 The load from study history is 60 of 100.', 'btwin: from 60 low');
SELECT is(pg_temp.chosen(42), 'MEDIUM 39 5 The load from study history is 59 of 100.', 'below 60 medium');
SELECT is(pg_temp.chosen(6, 'epic5') || pg_temp.chosen(5, 'epic5'), 'MEDIUM 35 5 The load from study history is 70 of 100.HIGH 35 5 The load from study history is 71 of 100.', 'epic5: above 70 high');
-- a month of it: volume 50, 27 + 0.3 (100 - s)
INSERT INTO study_sessions (id, user_id, started_at, completed_at, duration_ms) SELECT 'lo' || g, 'load', :m - interval '20 hours' - g * interval '168 hours', :m - interval '19 hours' - g * interval '168 hours', 2400000 FROM generate_series(1, 3) g;
SELECT is(pg_temp.chosen(57, 'epic5') || pg_temp.chosen(59, 'epic5'), 'MEDIUM 35 5 The load from study history is 40 of 100.LOW 35 5 The load from study history is 39 of 100.', 'epic5: below 40 low');
-- HIGH: 39 x 1.2 = 46.8
SELECT is(pg_temp.chosen(59) || pg_temp.chosen(57), 'HIGH 47 5 The load from study history is 39 of 100.MEDIUM 39 5 The load from study history is 40 of 100.', 'btwin: below 40 high');
UPDATE behavioral_events SET session_performance_score = 59 WHERE user_id = 'load';
SELECT is((d #>> '{reasoning,intensity_factors,1}') || (d #>> '{reasoning,duration_logic,3}'), 'There is room for more.For the intensity: 47 minutes.', 'in words') FROM btwin_api.session_plan('load', 'm-load', as_of => :m) d;
DELETE FROM behavioral_events WHERE user_id = 'load';
UPDATE study_sessions SET completed_at = NULL WHERE user_id = 'load';
-- no hours, no results, all given up: 0 + 15 + 10 + 12 = 37
SELECT is(concat_ws(' ', d ->> 'intensity', d #>> '{reasoning,intensity_factors,0}', d ->> 'confidence'), 'MEDIUM The load from study history is 37 of 100. 0.25', 'a low load that rests on nothing advises no more') FROM btwin_api.session_plan('load', 'm-load', as_of => :m) d;

-- good hours of btwin: 60 sessions in 60 days at five hours, those at 10:00 of 90, those at 19:00 of 20, the others of 60 to 66
INSERT INTO study_sessions (id, user_id, started_at, completed_at, duration_ms)
SELECT 'h' || g, 'habit', at, at + interval '1 hour', 3600000 FROM generate_series(0, 59) g, LATERAL (SELECT '2026-03-15 00:00+00'::timestamptz - g * interval '24 hours' + (6 + g % 5 * 3) * interval '1 hour') s (at);
INSERT INTO behavioral_events (user_id, event_type, event_data, timestamp, session_performance_score)
SELECT 'habit', 'SESSION_ENDED', jsonb_build_object('sessionId', 'h' || g), at + interval '1 hour', 60 + CASE g % 5 WHEN 1 THEN 30 WHEN 4 THEN -40 ELSE g % 7 END
FROM generate_series(0, 59) g, LATERAL (SELECT '2026-03-15 00:00+00'::timestamptz - g * interval '24 hours' + (6 + g % 5 * 3) * interval '1 hour') s (at);
SELECT pg_temp.mission('habit', 'm-habit') \g /dev/null
SELECT is((SELECT concat_ws(' ', max(h.confidence) FILTER (WHERE h.hour = 10) >= 0.8, bool_and(h.is_worse) FILTER (WHERE h.hour = 19), count(*) FILTER (WHERE h.hour = 12)) FROM btwin._study_hours('habit', 'btwin', 'Europe/Berlin', :m) h), 't t 0', 'as the family has it');
-- 7 hours a week: 35 x 1.2, 35, 35 x 0.9 = 31.5
SELECT is((SELECT string_agg(concat_ws(' ', d ->> 'duration_minutes', d #>> '{reasoning,time_selection,1}'), ', ' ORDER BY at) FROM unnest('{2026-03-17 09:00+00,2026-03-17 11:00+00,2026-03-17 18:00+00}'::timestamptz[]) at,
                  btwin_api.session_plan('habit', 'm-habit', at, NULL, 'MEDIUM', as_of => :m) d),
          '42 The hour of the start is one of your best., 35 How well you do at this hour is not known., 32 You do better at other hours.', 'better, unknown, worse');
SELECT is(d #>> '{reasoning,duration_logic,2}', 'For the hour of the start: 42 minutes.', 'in words') FROM btwin_api.session_plan('habit', 'm-habit', '2026-03-17 09:00+00', as_of => :m) d;

-- state
UPDATE missions SET status = CASE id WHEN 'm-three' THEN 'SKIPPED' ELSE 'COMPLETED' END, completed_at = CASE id WHEN 'm-one' THEN :m WHEN 'm-four' THEN :m + interval '1 second' END WHERE id IN ('m-one', 'm-three', 'm-four');
UPDATE missions SET status = 'IN_PROGRESS' WHERE id = 'm1';
SELECT is(pg_temp.refusal('SELECT btwin_api.session_plan(''ann'', as_of => ''2026-03-16 12:00+00'', ' || given || ')'), answer, given) FROM (VALUES
    ('mission_id => ''m-one''', 'PT409 not_open mission_id'), ('mission_id => ''m-three''', 'PT409 not_open mission_id'), ('mission_id => ''m-four''', 'accepted'), ('mission_id => ''m1''', 'accepted'),
    ('mission_id => ''m-bob''', 'PT404 unknown_id'), ('mission_id => ''nothing''', 'PT404 unknown_id'), ('mission_id => NULL', 'PT400 missing_argument mission_id'),
    ('mission_id => ''m1'', start_at => ''infinity''', 'PT400 out_of_range start_at'), ('mission_id => ''m1'', start_at => ''2027-03-17 12:00:00.001+00''', 'PT400 out_of_range start_at'),
    ('mission_id => ''m1'', start_at => ''2027-03-17 12:00+00''', 'accepted'), ('mission_id => ''m1'', start_at => ''2025-03-15 12:00+00''', 'accepted'), ('mission_id => ''m1'', start_at => ''2025-03-15 11:59+00''', 'PT400 out_of_range start_at'),
    ('mission_id => ''m1'', duration_minutes => 14', 'PT400 out_of_range duration_minutes'), ('mission_id => ''m1'', duration_minutes => 181', 'PT400 out_of_range duration_minutes'),
    ('mission_id => ''m1'', intensity => ''low''', 'PT400 not_allowed_value intensity'), ('mission_id => ''m1'', method_is => ''x''', 'PT400 not_allowed_value method_is')) v (given, answer);
SELECT is(pg_temp.refusal($$SELECT btwin_api.session_plan('off', 'm-off')$$), 'PT403 analysis_disabled', 'analysis off');
SELECT is(pg_temp.refusal($$SELECT btwin_api.session_plan('nobody', 'm1')$$), 'PT404 unknown_learner user_id', 'unknown');
SELECT is(pg_temp.refusal($$SELECT btwin_api.session_plan('ann', 'm-one')$$, 'on'), '25006', 'read only, before anything is looked at');
SELECT is(pg_temp.bare($$SELECT btwin_api.session_plan('ann', 'm1', duration_minutes => 30)$$) ->> 'duration_minutes', '30', 'whatever the search path');

-- good hours are those with confidence of 0.8, bad ones those that are worse; neither is the rest. Here as they might be
CREATE OR REPLACE FUNCTION btwin._study_hours(learner text, method text, zone text, moment timestamptz) RETURNS TABLE (hour integer, session_count integer, score float8, confidence float8, is_worse boolean) LANGUAGE sql AS $$
VALUES (10, 9, 50::float8, 0.8::float8, false), (11, 9, 50, 0.79, true), (12, 9, 50, 0.79, false)
$$;
SELECT is((SELECT string_agg(concat_ws(' ', d ->> 'duration_minutes', d #> '{reasoning,time_selection}'), ', ' ORDER BY at) FROM unnest('{2026-03-17 09:00+00,2026-03-17 10:00+00,2026-03-17 11:00+00}'::timestamptz[]) at,
                  btwin_api.session_plan('habit', 'm-habit', at, NULL, 'MEDIUM', as_of => :m) d),
          '42 ["Starts at the time that was asked for.", "The hour of the start is one of your best."], 32 ["Starts at the time that was asked for.", "You do better at other hours."], 35 ["Starts at the time that was asked for."]', 'better, worse, neither');
-- all that can be said, in its order: 35; 42; 42 x 1.1 = 46.2, 46 (an hour of study in 7 days); 46 x 0.6 = 27.6, 28. The load of the one session with 60, as above: 42 + 0.3 x 40
DELETE FROM study_sessions WHERE user_id = 'habit' AND id <> 'h0';
SELECT is(d -> 'reasoning', '{"time_selection": ["Starts at the time that was asked for.", "The hour of the start is one of your best."],
    "duration_logic": ["No best length is known of you: 45 minutes to begin with.", "One objective: 35 minutes.", "For the hour of the start: 42 minutes.", "You studied less than 5 hours in the last week: 46 minutes.",
                       "For the intensity: 28 minutes.", "Good lengths lie between 22 and 34 minutes.", "The length was asked for: 30 minutes."],
    "content_sequencing": ["No card and no question belongs to the objectives."],
    "intensity_factors": ["The intensity was asked for.", "The load from study history is 54 of 100.", "Two breaks more, and nothing new."]}', 'all of it, in order')
FROM btwin_api.session_plan('habit', 'm-habit', '2026-03-17 09:00+00', 30, 'LOW', as_of => :m) d;

SELECT * FROM finish();
ROLLBACK;
