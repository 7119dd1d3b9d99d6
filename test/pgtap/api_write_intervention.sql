-- Interventions put into practice, as an application calls them.
\set QUIET on
SET client_min_messages = warning;
SET DateStyle = 'ISO, YMD';
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS btwin;
SELECT plan(86);
SET timezone = 'UTC';

\ir api_helpers.psql
CREATE TEMP TABLE attached AS SELECT * FROM btwin.attach('public');
INSERT INTO users (id, behavioral_analysis_enabled) VALUES ('ann', true), ('bob', true), ('tom', true), ('off', false);
-- whatever the time, one of these is in another day than UTC
INSERT INTO btwin.learner (user_id, time_zone) VALUES ('tom', CASE WHEN extract(hour FROM now()) < 12 THEN 'Etc/GMT+12' ELSE 'Pacific/Kiritimati' END);
INSERT INTO courses (id, user_id, name) VALUES ('k1', 'ann', 'c'), ('kb', 'bob', 'c');
INSERT INTO lectures (id, user_id, course_id, title, file_name, file_url, file_size) SELECT 'v' || id, user_id, id, 't', 'f', 'u', 1 FROM courses;
INSERT INTO learning_objectives (id, lecture_id, objective, extracted_by, complexity, is_high_yield) SELECT 'o' || n, 'vk1', 'Objective ' || n, 'x', 'BASIC', n = 3 FROM generate_series(1, 5) n;
INSERT INTO learning_objectives (id, lecture_id, objective, extracted_by) VALUES ('ob', 'vkb', 'o', 'x');
INSERT INTO objective_prerequisites (id, objective_id, prerequisite_id, strength) VALUES ('q2', 'o1', 'o2', 1), ('q3', 'o1', 'o3', 0.5), ('q4', 'o1', 'o4', 1), ('q5', 'o1', 'o5', 1), ('qb', 'o1', 'ob', 1);
INSERT INTO cards (id, course_id, objective_id, front, back) VALUES ('c1', 'k1', 'o3', 'f', 'b'), ('c2', 'k1', 'o3', 'f', 'b');
INSERT INTO struggle_predictions (id, user_id, learning_objective_id, predicted_struggle_probability, prediction_confidence, prediction_status, struggling_factors, prediction_date, predicted_at)
SELECT 'p' || n, 'ann', 'o1', 0.8, 0.5, 'PENDING', '{}', '2026-03-17', '2026-03-10' FROM generate_series(1, 3) n;
-- a mission as an application may have it: o1 by id, o4 by objectiveId, o5 within objective; one without minutes, one of half a minute
CREATE FUNCTION pg_temp.mission(id text, minutes int, status text DEFAULT 'PENDING', learner text DEFAULT 'ann', date timestamptz DEFAULT '2026-03-18') RETURNS void LANGUAGE sql AS $$
INSERT INTO missions (id, user_id, date, status, estimated_minutes, objectives)
VALUES (id, learner, date, status, minutes, '[{"id": "o1", "estimatedMinutes": 30, "cardCount": 5, "extra": {"a": 1}}, {"objectiveId": "o4", "estimated_minutes": 25}, {"objective": {"id": "o5"}}, {"id": "o9", "estimatedMinutes": 1}]')
$$;
CREATE FUNCTION pg_temp.proposal(id text, type text, prediction text DEFAULT NULL, objective text DEFAULT 'o1', status text DEFAULT 'PENDING', learner text DEFAULT 'ann') RETURNS void LANGUAGE sql AS $$
INSERT INTO intervention_recommendations (id, user_id, prediction_id, intervention_type, description, reasoning, priority, status, related_objective_id)
VALUES (id, learner, prediction, type, 'Do it.', 'r', 5, status, objective)
$$;
SELECT pg_temp.mission('m1', 60), pg_temp.mission('done', 60, 'COMPLETED'), pg_temp.mission('skipped', 60, 'SKIPPED'), pg_temp.mission('mb', 60, learner => 'bob'),
       pg_temp.proposal('i1', 'PREREQUISITE_REVIEW', 'p1'), pg_temp.proposal('under way', 'FOCUS_SESSION', status => 'IN_PROGRESS'), pg_temp.proposal('skipped', 'FOCUS_SESSION', status => 'SKIPPED'), pg_temp.proposal('ib', 'FOCUS_SESSION', learner => 'bob') \g /dev/null

-- arguments, identity, state
CREATE FUNCTION pg_temp.stored() RETURNS text LANGUAGE sql AS $$
SELECT concat_ws('|', (SELECT string_agg(t.ctid || t::text, ',' ORDER BY id) FROM missions t), (SELECT string_agg(t.ctid || t::text, ',' ORDER BY id) FROM intervention_recommendations t),
                 (SELECT string_agg(t.ctid || t::text, ',' ORDER BY id) FROM schedule_adaptations t), (SELECT string_agg(t.ctid || t::text, ',' ORDER BY id) FROM struggle_predictions t),
                 (SELECT string_agg(t.ctid || t::text, ',' ORDER BY id) FROM burnout_risk_assessments t))
$$;
SELECT pg_temp.stored() AS before \gset
SELECT is(pg_temp.refusal('SELECT btwin_api.apply_intervention(' || a || ')'), want, why)
FROM (VALUES ('''ann''', 'PT400 missing_argument intervention_id', 'which'), ('''ann'', ''i1'', adapt_mission => NULL', 'PT400 missing_argument adapt_mission', 'whether to adapt'),
             ('''ann'', ''i1'', idempotency_key => ''''', 'PT400 out_of_range idempotency_key', 'no empty key'), ('NULL, ''i1''', 'PT400 user_required user_id', 'a service names the learner'), ('''nobody'', ''i1''', 'PT404 unknown_learner user_id', 'who is known'),
             ('''off'', ''i1''', 'PT403 analysis_disabled', 'and analysed'), ('''ann'', ''ib''', 'PT404 unknown_id', 'of another'), ('''ann'', ''none''', 'PT404 unknown_id', 'as of none'), ('''ann'', ''i1'', ''mb''', 'PT404 unknown_id', 'another''s mission'),
             ('''ann'', ''i1'', ''none''', 'PT404 unknown_id', 'as none'), ('''ann'', ''i1'', ''done''', 'PT409 not_open mission_id', 'a mission that is completed'), ('''ann'', ''i1'', ''skipped''', 'PT409 not_open mission_id', 'or skipped'),
             ('''ann'', ''under way'', ''m1''', 'PT409 already_applied', 'an intervention that is under way'), ('''ann'', ''skipped'', ''m1''', 'PT409 already_applied', 'or skipped'), ('''ann'', ''i1''', 'PT409 no_open_mission', 'no mission from today on')) AS v (a, want, why);
SELECT is(pg_temp.stored(), :'before', 'nothing of that changed anything');

-- PREREQUISITE_REVIEW: o2 (strength 1) and o3 (0.5); o4 and o5 are in the mission, ob is another learner's
SELECT btwin_api.apply_intervention('ann', 'i1', 'm1', idempotency_key => 'k1') AS d \gset
SELECT is(:'d'::jsonb - '{applied_at,changes}'::text[], '{"id": "i1", "status": "IN_PROGRESS", "mission_id": "m1", "mission_adapted": true, "estimated_minutes_before": 60, "estimated_minutes_after": 90, "message": "The mission is adapted: 90 minutes instead of 60."}', 'two reviews of 15 minutes');
SELECT is(:'d'::jsonb -> 'changes', '[{"path": "estimated_minutes", "old": 60, "new": 90},
    {"path": "objectives[0]", "old": null, "new": {"id": "o2", "objective": {"id": "o2", "objective": "Objective 2", "complexity": "BASIC", "isHighYield": false, "lectureId": "vk1"}, "cardCount": 0, "estimatedMinutes": 15, "completed": false}},
    {"path": "objectives[1]", "old": null, "new": {"id": "o3", "objective": {"id": "o3", "objective": "Objective 3", "complexity": "BASIC", "isHighYield": true, "lectureId": "vk1"}, "cardCount": 2, "estimatedMinutes": 15, "completed": false}}]', 'in the order of their strength');
SELECT is((SELECT estimated_minutes || ' ' || (SELECT string_agg(coalesce(e ->> 'id', e ->> 'objectiveId', e #>> '{objective,id}'), ' ') FROM jsonb_array_elements(objectives) e) || (objectives -> 2)::text FROM missions WHERE id = 'm1'),
          '90 o2 o3 o1 o4 o5 o9{"id": "o1", "extra": {"a": 1}, "cardCount": 5, "estimatedMinutes": 30}', 'before the others, which stay');
SELECT is((SELECT concat_ws(' ', status, applied_at = (:'d'::jsonb ->> 'applied_at')::timestamptz, applied_to_mission_id) FROM intervention_recommendations WHERE id = 'i1'), 'IN_PROGRESS t m1', 'the intervention is under way');
SELECT is((SELECT string_agg(concat_ws(' ', id, intervention_applied, intervention_id), ', ' ORDER BY id) FROM struggle_predictions), 'p1 t i1, p2 f, p3 f', 'of its prediction');
SELECT is((SELECT concat_ws(' ', user_id, adaptation_type, adaptation_details - 'changes'::text, adaptation_details -> 'changes' = :'d'::jsonb -> 'changes', applied_at = (:'d'::jsonb ->> 'applied_at')::timestamptz) FROM schedule_adaptations),
          'ann CONTENT_SELECTION {"reason": "Do it.", "mission_id": "m1", "intervention_id": "i1", "intervention_type": "PREREQUISITE_REVIEW"} t t', 'and the record of it');
SELECT pg_temp.stored() AS before \gset
SELECT is(btwin_api.apply_intervention('ann', 'i1', 'm1', idempotency_key => 'k1')::text, :'d', 'a repeated call gets the same answer');
SELECT is((SELECT string_agg(pg_temp.refusal('SELECT btwin_api.apply_intervention(''ann'', ' || a || ', idempotency_key => ''k1'')'), ', ') FROM unnest(ARRAY['''i2'', ''m1''', '''i1''', '''i1'', ''m1'', false']) a),
          'PT409 key_reused idempotency_key, PT409 key_reused idempotency_key, PT409 key_reused idempotency_key', 'with other arguments it is another');
SELECT is(pg_temp.refusal('SELECT btwin_api.apply_intervention(''ann'', ''i1'', ''m1'')'), 'PT409 already_applied', 'without the key it is done already');
SELECT is(pg_temp.stored(), :'before', 'nothing of that changed anything');
-- once more: all are there
SELECT pg_temp.proposal('i2', 'PREREQUISITE_REVIEW', 'p1') \g /dev/null
SELECT is(btwin_api.apply_intervention('ann', 'i2', 'm1') - 'applied_at'::text, '{"id": "i2", "status": "IN_PROGRESS", "changes": [], "mission_id": "m1", "mission_adapted": false, "estimated_minutes_before": 90, "estimated_minutes_after": 90, "message": "The intervention is under way; the mission stays as it is."}', 'nothing to add a second time');
SELECT is((SELECT intervention_id || ' ' || (SELECT count(*) FROM schedule_adaptations) FROM struggle_predictions WHERE id = 'p1'), 'i1 1', 'the first of a prediction stays its intervention; no change, no record');

-- DIFFICULTY_PROGRESSION: a quarter more; the objective of the prediction where none is named
SELECT pg_temp.mission('m2', 60), pg_temp.proposal('i3', 'DIFFICULTY_PROGRESSION', 'p2', NULL), pg_temp.proposal('i4', 'DIFFICULTY_PROGRESSION', NULL, 'o4'), pg_temp.proposal('i5', 'DIFFICULTY_PROGRESSION', NULL, 'o9'), pg_temp.proposal('i6', 'DIFFICULTY_PROGRESSION', NULL, 'o5') \g /dev/null
-- 37.5 is 38; 31.25 is 31; 1.25 is 1; nothing of nothing
SELECT is((SELECT string_agg((d ->> 'changes') || (d ->> 'estimated_minutes_after'), E'\n') FROM (SELECT btwin_api.apply_intervention('ann', i, 'm2') AS d FROM unnest('{i3,i4,i5,i6}'::text[]) i) v),
          '[{"new": 68, "old": 60, "path": "estimated_minutes"}, {"new": 38, "old": 30, "path": "objectives[0].estimatedMinutes"}]68' || E'\n[{"new": 74, "old": 68, "path": "estimated_minutes"}, {"new": 31, "old": 25, "path": "objectives[1].estimated_minutes"}]74\n[]74\n[]74', 'rounded, and as much more in all');
SELECT is((SELECT string_agg(DISTINCT adaptation_type, ' ') FROM schedule_adaptations WHERE adaptation_details ->> 'mission_id' = 'm2'), 'DIFFICULTY', 'recorded as such');
SELECT is((SELECT concat_ws(' ', estimated_minutes, objectives #>> '{0,estimatedMinutes}', objectives #>> '{1,estimated_minutes}', objectives #>> '{0,extra,a}') FROM missions WHERE id = 'm2'), '74 38 31 1', 'and stored');

-- COGNITIVE_LOAD_REDUCE: half, rounded down, at least 15, once
SELECT pg_temp.mission('m3', 61), pg_temp.mission('m4', 29), pg_temp.mission('m5', 12), pg_temp.mission('m6', 31, 'IN_PROGRESS'), pg_temp.proposal('i7', 'COGNITIVE_LOAD_REDUCE', 'p3'), pg_temp.proposal('i8', 'COGNITIVE_LOAD_REDUCE'), pg_temp.proposal('i9', 'COGNITIVE_LOAD_REDUCE'),
       pg_temp.proposal('ia', 'COGNITIVE_LOAD_REDUCE'), pg_temp.proposal('ic', 'COGNITIVE_LOAD_REDUCE'), pg_temp.proposal('id', 'COGNITIVE_LOAD_REDUCE') \g /dev/null
SELECT is((btwin_api.apply_intervention('ann', 'i7', 'm3') -> 'changes')::text, '[{"new": 30, "old": 61, "path": "estimated_minutes"}, {"new": 15, "old": 30, "path": "objectives[0].estimatedMinutes"}, {"new": 12, "old": 25, "path": "objectives[1].estimated_minutes"}, {"new": 0, "old": 1, "path": "objectives[3].estimatedMinutes"}]', 'half of all');
SELECT is(d -> 'changes' || jsonb_build_array(d -> 'mission_adapted', d ->> 'estimated_minutes_after', d ->> 'message'), '[false, "30", "The intervention is under way; the mission was cut in half before and stays as it is."]', 'not a second time') FROM btwin_api.apply_intervention('ann', 'i8', 'm3') d;
SELECT is((SELECT adaptation_type || ' ' || count(*) FROM schedule_adaptations WHERE adaptation_details ->> 'mission_id' = 'm3' GROUP BY adaptation_type), 'DURATION_CHANGE 1', 'recorded once');
SELECT is(btwin_api.apply_intervention('ann', 'i9', 'm4') ->> 'estimated_minutes_after', '15', 'at least 15 minutes');
SELECT is(btwin_api.apply_intervention('ann', 'ia', 'm5') ->> 'estimated_minutes_after', '12', 'never longer than it was');
SELECT is(d ->> 'mission_adapted' || ' ' || (d ->> 'changes') || ' ' || (SELECT estimated_minutes FROM missions WHERE id = 'm6'), 'false [] 31', 'not adapted where that is not wanted') FROM btwin_api.apply_intervention('ann', 'ic', 'm6', false) d;
SELECT is(btwin_api.apply_intervention('ann', 'id', 'm6') ->> 'estimated_minutes_after', '15', 'which is no first time');
-- the others
SELECT pg_temp.proposal('t' || n, t) FROM unnest('{SPACED_REPETITION_BOOST,BREAK_SCHEDULE_ADJUST,CONTENT_FORMAT_ADAPT,FOCUS_SESSION}'::text[]) WITH ORDINALITY AS v (t, n) \g /dev/null
SELECT is((SELECT string_agg(btwin_api.apply_intervention('ann', 't' || n, 'm2') ->> 'mission_adapted', ' ') FROM generate_series(1, 4) n), 'false false false false', 'are recorded only');
-- a mission whose objectives are no list
INSERT INTO missions (id, user_id, date, status, estimated_minutes, objectives) VALUES ('m7', 'ann', '2026-03-18', 'PENDING', 40, '{}'), ('m8', 'ann', '2026-03-18', 'PENDING', 40, '[1, null, {"id": "o1", "estimatedMinutes": "x"}, {"id": "o1", "estimatedMinutes": -5}, {"id": "o1", "estimatedMinutes": 10001}]'), ('m9', 'ann', '2026-03-18', 'PENDING', 40, '[{"id": "o1", "estimatedMinutes": 10000}]');
SELECT pg_temp.proposal('u' || n, t) FROM unnest('{COGNITIVE_LOAD_REDUCE,PREREQUISITE_REVIEW,DIFFICULTY_PROGRESSION,DIFFICULTY_PROGRESSION}'::text[]) WITH ORDINALITY AS v (t, n) \g /dev/null
SELECT is(btwin_api.apply_intervention('ann', 'u1', 'm7') -> 'changes', '[{"path": "estimated_minutes", "old": 40, "new": 20}]', 'minutes alone');
SELECT is((SELECT string_agg(btwin_api.apply_intervention('ann', i, m) ->> 'changes', ' ') FROM (VALUES ('u2', 'm7'), ('u3', 'm8')) AS v (i, m)), '[] []', 'nothing');
SELECT is(btwin_api.apply_intervention('ann', 'u4', 'm9') ->> 'estimated_minutes_after', '2540', 'however long');
-- parts of a minute: 1.25 * 25.18 = 31.475 is 31, which are 5.82 more, in all 6
INSERT INTO missions (id, user_id, date, status, estimated_minutes, objectives) VALUES ('m10', 'ann', '2026-03-18', 'PENDING', 40, '[{"id": "o1", "estimatedMinutes": 25.18}]');
SELECT pg_temp.proposal('u5', 'DIFFICULTY_PROGRESSION') \g /dev/null
SELECT is(btwin_api.apply_intervention('ann', 'u5', 'm10') -> 'changes', '[{"path": "estimated_minutes", "old": 40, "new": 46}, {"path": "objectives[0].estimatedMinutes", "old": 25.18, "new": 31}]', 'rounded down below a half');

-- the next mission: of the learner's today or later, by date and id
SELECT pg_temp.proposal('n' || n, 'FOCUS_SESSION', learner => 'tom') FROM generate_series(1, 4) n \g /dev/null
SELECT btwin._day_start((now() AT TIME ZONE l.time_zone)::date, l.time_zone) AS today FROM btwin.learner l WHERE l.user_id = 'tom' \gset
SELECT pg_temp.mission('n1', 30, learner => 'tom', date => timestamptz :'today' - interval '1 microsecond'), pg_temp.mission('n0', 30, 'COMPLETED', 'tom', :'today'), pg_temp.mission('n4', 30, learner => 'tom', date => timestamptz :'today' + interval '1 microsecond') \g /dev/null
SELECT is(btwin_api.apply_intervention('tom', 'n1') ->> 'mission_id', 'n4', 'not yesterday''s, nor one that is over');
SELECT pg_temp.mission('n3', 30, 'IN_PROGRESS', 'tom', :'today'), pg_temp.mission('n5', 30, 'PENDING', 'tom', :'today') \g /dev/null
SELECT is(btwin_api.apply_intervention('tom', 'n2') ->> 'mission_id', 'n3', 'the day begins with it');
UPDATE missions SET status = 'SKIPPED' WHERE user_id = 'tom';
SELECT is(pg_temp.refusal('SELECT btwin_api.apply_intervention(''tom'', ''n3'')'), 'PT409 no_open_mission', 'none is made up');
SELECT is((SELECT status FROM intervention_recommendations WHERE id = 'n3'), 'PENDING', 'and nothing is under way');

-- By type
INSERT INTO study_sessions (id, user_id, started_at) VALUES ('s1', 'ann', now()), ('sb', 'bob', now());
SELECT pg_temp.stored() AS before \gset
SELECT is(pg_temp.refusal('SELECT btwin_api.apply_intervention_type(' || a || ')'), want, why)
FROM (VALUES ('''ann''', 'PT400 missing_argument intervention_type', 'which'), ('''ann'', ''FOCUS_SESSION''', 'PT400 not_allowed_value intervention_type', 'one of five'), ('''ann'', ''MANDATORY_REST'', NULL', 'PT400 missing_argument accepted', 'accepted or not'),
             ('''ann'', ''MANDATORY_REST'', idempotency_key => repeat(''x'', 201)', 'PT400 out_of_range idempotency_key', 'a key'), ('''ann'', ''MANDATORY_REST'', metadata => ''[]''', 'PT400 bad_document metadata', 'an object'),
             ('''ann'', ''MANDATORY_REST'', metadata => ''{"load": 50, "loads": 1}''', 'PT400 bad_document metadata', 'known keys'), ('''ann'', ''MANDATORY_REST'', metadata => ''{"load": 100.5}''', 'PT400 bad_document metadata', 'a load up to 100'),
             ('''ann'', ''MANDATORY_REST'', metadata => ''{"load": -1}''', 'PT400 bad_document metadata', 'from 0'), ('''ann'', ''MANDATORY_REST'', metadata => ''{"error_rate": 1.01}''', 'PT400 bad_document metadata', 'a share'),
             ('''ann'', ''MANDATORY_REST'', metadata => ''{"load": null}''', 'PT400 bad_document metadata', 'a number'), ('''ann'', ''MANDATORY_REST'', session_id => ''sb''', 'PT404 unknown_id', 'another''s session'), ('''ann'', ''MANDATORY_REST'', session_id => ''none''', 'PT404 unknown_id', 'as none'),
             ('''ann'', ''MANDATORY_REST'', mission_id => ''mb''', 'PT404 unknown_id', 'another''s mission'), ('''ann'', ''MANDATORY_REST'', mission_id => ''done''', 'PT409 not_open mission_id', 'one that is over'), ('''bob'', ''WORKLOAD_REDUCTION''', 'PT409 no_open_mission', 'less of nothing'),
             ('''off'', ''MANDATORY_REST''', 'PT403 analysis_disabled', 'analysis is off')) AS v (a, want, why);
SELECT is(d, '{"applied": false, "id": null, "intervention_type": "WORKLOAD_REDUCTION", "mission_id": null, "changes": [], "message": "Nothing was changed.",
    "plan": {"breaks_every_minutes": null, "break_minutes": null, "rest_days": null, "max_complexity": null, "scaffolding": null, "review_ratio": null, "difficulty_change": null, "urgency": null}}', 'declined')
FROM btwin_api.apply_intervention_type('bob', 'WORKLOAD_REDUCTION', false, idempotency_key => 'k') d;
SELECT is(pg_temp.stored(), :'before', 'nothing was changed');
SELECT is(pg_temp.refusal('SELECT btwin_api.apply_intervention_type(''bob'', ''WORKLOAD_REDUCTION'', idempotency_key => ''k'')'), 'PT409 key_reused idempotency_key', 'but the key is used');
SELECT is(d ->> 'message', 'Rest for three days, with light review only.', 'a first call without a mission') FROM btwin_api.apply_intervention_type('bob', 'MANDATORY_REST') d;
-- WORKLOAD_REDUCTION and the newest assessment
INSERT INTO burnout_risk_assessments (id, user_id, risk_score, risk_level, contributing_factors, assessment_date) VALUES ('b1', 'ann', 50, 'HIGH', '[]', '2026-03-10'), ('b2', 'ann', 60, 'HIGH', '[]', '2026-03-11'), ('b3', 'ann', 60, 'HIGH', '[]', now() + interval '1 day'), ('bb', 'bob', 60, 'HIGH', '[]', '2026-03-12');
SELECT pg_temp.mission('w1', 60), pg_temp.mission('w2', 60) \g /dev/null
SELECT btwin_api.apply_intervention_type('ann', 'WORKLOAD_REDUCTION', true, 's1', 'w1', idempotency_key => 'k2') AS d \gset
SELECT is(:'d'::jsonb - '{id,plan}'::text[], '{"applied": true, "intervention_type": "WORKLOAD_REDUCTION", "mission_id": "w1", "message": "The mission is adapted: 30 minutes instead of 60.", "changes": [{"new": 30, "old": 60, "path": "estimated_minutes"},
    {"new": 15, "old": 30, "path": "objectives[0].estimatedMinutes"}, {"new": 12, "old": 25, "path": "objectives[1].estimated_minutes"}, {"new": 0, "old": 1, "path": "objectives[3].estimatedMinutes"}]}', 'half of a mission');
SELECT is((SELECT string_agg(concat_ws(' ', id, intervention_applied, intervention_id = :'d'::jsonb ->> 'id'), ', ' ORDER BY id) FROM burnout_risk_assessments), 'b1 f, b2 t t, b3 f, bb f', 'noted with the newest assessment');
SELECT is((SELECT concat_ws('/', user_id, intervention_type, description, reasoning, priority, status, applied_to_mission_id, prediction_id, applied_at = created_at) FROM intervention_recommendations WHERE id = :'d'::jsonb ->> 'id'), 'ann/COGNITIVE_LOAD_REDUCE/Do half of the next mission./Asked for: WORKLOAD_REDUCTION./8/IN_PROGRESS/w1/t', 'an intervention under way');
SELECT is((SELECT concat_ws(' ', estimated_minutes, objectives #>> '{0,estimatedMinutes}') FROM missions WHERE id = 'w1'), '30 15', 'the mission');
SELECT is((SELECT adaptation_type || ' ' || (adaptation_details - '{intervention_id,plan,changes}'::text[])::text FROM schedule_adaptations WHERE adaptation_details ->> 'intervention_id' = :'d'::jsonb ->> 'id' AND adaptation_details -> 'changes' = :'d'::jsonb -> 'changes'),
          'DURATION_CHANGE {"reason": "Do half of the next mission.", "mission_id": "w1", "session_id": "s1", "intervention_type": "COGNITIVE_LOAD_REDUCE"}', 'and the record');
SELECT is(btwin_api.apply_intervention_type('ann', 'WORKLOAD_REDUCTION', true, 's1', 'w1', idempotency_key => 'k2')::text, :'d', 'a repeated call gets the same answer');
SELECT is(d ->> 'message' || (d ->> 'changes') || (SELECT estimated_minutes FROM missions WHERE id = 'w1'), 'The intervention is under way; the mission was cut in half before and stays as it is.[]30', 'another does not cut it again') FROM btwin_api.apply_intervention_type('ann', 'WORKLOAD_REDUCTION', mission_id => 'w1') d;
SELECT is((SELECT intervention_id = :'d'::jsonb ->> 'id' FROM burnout_risk_assessments WHERE id = 'b2'), true, 'the first stays with the assessment');
UPDATE missions SET date = now() + interval '1 day' WHERE id = 'w2';
SELECT is(btwin_api.apply_intervention_type('ann', 'WORKLOAD_REDUCTION') ->> 'mission_id', 'w2', 'by default the next mission');

-- plans: 2.23 with the load that is given, else measured, else 70
CREATE FUNCTION pg_temp.plan_of(learner text, type text, metadata jsonb DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
SELECT concat_ws(' ', d #>> '{plan,difficulty_change}', d #>> '{plan,review_ratio}', d #>> '{plan,urgency}', d #>> '{plan,max_complexity}', d #>> '{plan,scaffolding}', d #>> '{plan,breaks_every_minutes}', d #>> '{plan,break_minutes}', d #>> '{plan,rest_days}', d ->> 'message', d ->> 'mission_id')
FROM btwin_api.apply_intervention_type(learner, type, metadata => metadata) d
$$;
SELECT is(pg_temp.plan_of('ann', 'DIFFICULTY_REDUCTION'), '-1 0.8 HIGH INTERMEDIATE MODERATE 20 Go on with easier questions.', 'at 70');
INSERT INTO cognitive_load_metrics (id, user_id, load_score, stress_indicators, confidence_level, timestamp) VALUES ('l1', 'ann', 29, '[]', 0.5, now() - interval '1 hour');
SELECT is(pg_temp.plan_of('ann', 'CONTENT_SIMPLIFICATION'), '1 0.5 LOW ADVANCED NONE Go on with simpler content.', 'at the load as measured');
SELECT is(pg_temp.plan_of('ann', 'CONTENT_SIMPLIFICATION', '{"load": 81, "error_rate": 0.3}'), '-2 1 CRITICAL BASIC EXTENSIVE 10 Go on with simpler content.', 'at the load that is given');
SELECT is(pg_temp.plan_of('ann', 'DIFFICULTY_REDUCTION', '{"error_rate": 0.31}'), '1 0.5 LOW INTERMEDIATE MINIMAL Go on with easier questions.', 'with errors');
SELECT is(pg_temp.plan_of('ann', 'BREAK_SCHEDULE_ADJUST', '{"load": 81}'), '15 5 Take a break of 5 minutes every 15.', 'breaks');
SELECT is(pg_temp.plan_of('ann', 'MANDATORY_REST', '{}'), '3 Rest for three days, with light review only.', 'rest');
SELECT is((SELECT string_agg(DISTINCT concat_ws(' ', r.reasoning, r.intervention_type, r.priority, a.adaptation_type), ', ') FROM intervention_recommendations r JOIN schedule_adaptations a ON a.adaptation_details ->> 'intervention_id' = r.id WHERE r.reasoning LIKE 'Asked%' AND r.user_id = 'ann'),
          'Asked for: BREAK_SCHEDULE_ADJUST. BREAK_SCHEDULE_ADJUST 5 BREAK_SCHEDULING, Asked for: CONTENT_SIMPLIFICATION. CONTENT_VARIATION 7 CONTENT_SELECTION, Asked for: DIFFICULTY_REDUCTION. DIFFICULTY_PROGRESSION 8 DIFFICULTY, Asked for: MANDATORY_REST. BREAK_RECOMMENDATION 9 FREQUENCY_CHANGE, '
          || 'Asked for: WORKLOAD_REDUCTION. COGNITIVE_LOAD_REDUCE 8 DURATION_CHANGE', 'as they are stored');

SET default_transaction_read_only = on;
SELECT is(pg_temp.refusal('SELECT btwin_api.apply_intervention(''ann'', ''none'')') || pg_temp.refusal('SELECT btwin_api.apply_intervention_type(''ann'', ''MANDATORY_REST'', false)'), '2500625006', 'not in a read-only transaction');
RESET default_transaction_read_only;

-- As learners, under their policies
CREATE ROLE regress_write_web;
CREATE TEMP TABLE secured AS SELECT * FROM btwin.secure('regress_write_web');
GRANT USAGE ON SCHEMA public TO regress_write_web;
SELECT pg_temp.mission('r1', 60), pg_temp.mission('r2', 60), pg_temp.proposal('r1', 'COGNITIVE_LOAD_REDUCE', 'p3') \g /dev/null
SET ROLE regress_write_web;
SET app.current_user_id = 'ann';
SET search_path = '';
SELECT btwin_api.apply_intervention(intervention_id => 'r1', mission_id => 'r1', idempotency_key => 'k9') ->> 'estimated_minutes_after' AS one, btwin_api.apply_intervention_type(intervention_type => 'WORKLOAD_REDUCTION', mission_id => 'r2', idempotency_key => 'k9') ->> 'applied' AS two \gset
RESET search_path;
SELECT is(:'one' || :'two', '30true', 'a learner applies, whatever the search_path');
SELECT is((SELECT string_agg(pg_temp.refusal(s), ' ') FROM unnest(ARRAY['SELECT btwin_api.apply_intervention(intervention_id => ''ib'')', 'SELECT btwin_api.apply_intervention(intervention_id => ''none'')', 'SELECT btwin_api.apply_intervention(''bob'', ''ib'')',
    'SELECT btwin_api.apply_intervention_type(intervention_type => ''MANDATORY_REST'', mission_id => ''mb'')', 'SELECT btwin_api.apply_intervention_type(intervention_type => ''MANDATORY_REST'', session_id => ''none'')']) s),
    'PT403 forbidden PT403 forbidden PT403 forbidden PT403 forbidden PT403 forbidden', 'nothing of others');
RESET ROLE;
DROP OWNED BY regress_write_web;
DROP ROLE regress_write_web;
SELECT * FROM finish();
