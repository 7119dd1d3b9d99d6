-- btwin_api.acknowledge_insight, apply_recommendation, dismiss_recommendation.
-- One transaction: now() is one moment.
BEGIN;
SET LOCAL client_min_messages = warning;
SET LOCAL DateStyle = 'ISO, YMD';
SET LOCAL TimeZone = 'UTC';
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS btwin;
SELECT plan(134);
CREATE ROLE regress_web;
CREATE ROLE regress_service;
CREATE TEMP TABLE attached AS SELECT * FROM btwin.attach('public');
CREATE TEMP TABLE secured AS SELECT * FROM btwin.secure('regress_web', 'regress_service');

\ir api_helpers.psql
-- where the rows of a table lie: a row that is written again lies elsewhere
CREATE FUNCTION pg_temp.places(relation regclass) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    said text;
BEGIN
    EXECUTE format('SELECT string_agg(id || ctid::text, '' '' ORDER BY id) FROM %s', relation) INTO said;
    RETURN said;
END $$;

INSERT INTO users (id, behavioral_analysis_enabled) VALUES ('ann', true), ('bob', true), ('off', false), ('new', true), ('two', true);

-- insights

INSERT INTO behavioral_insights (id, user_id, insight_type, title, description, actionable_recommendation, confidence, created_at, acknowledged_at, applied) VALUES
    ('i1', 'ann', 'RETENTION_STRATEGY', 't', 'd', 'a', 0.8, now() - interval '9 days', NULL, false),
    ('i2', 'ann', 'RETENTION_STRATEGY', 't', 'd', 'a', 0.8, now() - interval '9 days', '2026-01-01 00:00+00', false),
    ('i3', 'ann', 'RETENTION_STRATEGY', 't', 'd', 'a', 0.8, now() - interval '9 days', NULL, true),
    ('i4', 'bob', 'RETENTION_STRATEGY', 't', 'd', 'a', 0.8, now() - interval '9 days', NULL, false),
    ('i5', 'off', 'RETENTION_STRATEGY', 't', 'd', 'a', 0.8, now() - interval '9 days', NULL, false);
SELECT date_trunc('milliseconds', now()) AS written \gset
SELECT is(btwin_api.acknowledge_insight('ann', 'i1'), jsonb_build_object('id', 'i1', 'acknowledged_at', :'written'::timestamptz, 'applied', false, 'changed', true), 'acknowledged now');
SELECT is((SELECT acknowledged_at FROM behavioral_insights WHERE id = 'i1'), :'written'::timestamptz, 'to the millisecond, as every table can hold it');
SELECT pg_temp.places('behavioral_insights') AS places \gset
SELECT is(btwin_api.acknowledge_insight('ann', 'i1'), jsonb_build_object('id', 'i1', 'acknowledged_at', :'written'::timestamptz, 'applied', false, 'changed', false), 'once');
SELECT is(pg_temp.places('behavioral_insights'), :'places', 'without writing again');
SELECT is(btwin_api.acknowledge_insight('ann', 'i2', false), '{"id": "i2", "acknowledged_at": "2026-01-01T00:00:00+00:00", "applied": false, "changed": false}', 'the first time stays');
SELECT is(btwin_api.acknowledge_insight('ann', 'i2', true), '{"id": "i2", "acknowledged_at": "2026-01-01T00:00:00+00:00", "applied": true, "changed": true}', 'acted on, later');
SELECT is(btwin_api.acknowledge_insight('ann', 'i2', false), '{"id": "i2", "acknowledged_at": "2026-01-01T00:00:00+00:00", "applied": true, "changed": false}', 'and not taken back');
SELECT is((SELECT applied::text || acknowledged_at::text FROM behavioral_insights WHERE id = 'i2'), 'true2026-01-01 00:00:00+00', 'so it stands there');
SELECT is(btwin_api.acknowledge_insight('ann', 'i3', true) - 'acknowledged_at', '{"id": "i3", "applied": true, "changed": true}', 'applied before, acknowledged now');
SELECT is((SELECT applied AND acknowledged_at = :'written' FROM behavioral_insights WHERE id = 'i3'), true, 'both');
SELECT is(pg_temp.refusal($$SELECT btwin_api.acknowledge_insight('ann')$$), 'PT400 missing_argument insight_id', 'which one?');
SELECT is(pg_temp.refusal($$SELECT btwin_api.acknowledge_insight('ann', 'i1', NULL)$$), 'PT400 missing_argument applied', 'applied is true or false');
SELECT is(pg_temp.refusal($$SELECT btwin_api.acknowledge_insight('ann', 'i4')$$), 'PT404 unknown_id', 'another learner''s');
SELECT is(pg_temp.refusal($$SELECT btwin_api.acknowledge_insight('ann', 'i9')$$), 'PT404 unknown_id', 'nobody''s');
SELECT is(pg_temp.refusal($$SELECT btwin_api.acknowledge_insight('off', 'i5')$$), 'PT403 analysis_disabled', 'analysis switched off');
SELECT is(pg_temp.refusal($$SELECT btwin_api.acknowledge_insight('nobody', 'i1')$$), 'PT404 unknown_learner user_id', 'an unknown learner');
SELECT is(pg_temp.refusal($$SELECT btwin_api.acknowledge_insight(NULL, 'i1')$$), 'PT400 user_required user_id', 'a service names the learner');
SELECT is(pg_temp.refusal($$SELECT btwin_api.acknowledge_insight('ann', 'i1')$$, 'on'), '25006', 'refused where nothing can be written, also where nothing would be');
SELECT is((SELECT acknowledged_at FROM behavioral_insights WHERE id = 'i4'), NULL, 'the other learner''s was not touched');

-- dismissal

CREATE FUNCTION pg_temp.recommend(id text, learner text, kind text DEFAULT 'CONSISTENCY_BUILDING', patterns text[] DEFAULT '{}', insights text[] DEFAULT '{}') RETURNS text LANGUAGE sql AS $$
INSERT INTO recommendations (id, user_id, recommendation_type, title, description, actionable_text, confidence, estimated_impact, ease_of_implementation, user_readiness, priority_score,
                             source_pattern_ids, source_insight_ids, created_at)
VALUES (id, learner, kind, 't', 'd', 'a', 0.8, 0.5, 0.5, 0.5, 0.6, patterns, insights, now() - interval '3 days') RETURNING id
$$;
SELECT pg_temp.recommend(r, CASE WHEN r = 'd4' THEN 'bob' WHEN r = 'd5' THEN 'off' ELSE 'ann' END) FROM unnest('{d1,d2,d3,d4,d5,d6}'::text[]) r \g /dev/null
UPDATE recommendations SET applied_at = '2026-01-02 00:00+00' WHERE id = 'd2';
UPDATE recommendations SET status = 'DISMISSED' WHERE id = 'd3';
UPDATE recommendations SET status = 'VIEWED', dismissed_at = '2026-01-03 00:00+00' WHERE id = 'd6';
SELECT is(btwin_api.dismiss_recommendation('ann', 'd1'), jsonb_build_object('id', 'd1', 'status', 'DISMISSED', 'dismissed_at', :'written'::timestamptz, 'changed', true), 'dismissed now');
SELECT is((SELECT status || (dismissed_at = :'written') FROM recommendations WHERE id = 'd1'), 'DISMISSEDtrue', 'so it stands there');
SELECT pg_temp.places('recommendations') AS places \gset
SELECT is(btwin_api.dismiss_recommendation('ann', 'd1'), jsonb_build_object('id', 'd1', 'status', 'DISMISSED', 'dismissed_at', :'written'::timestamptz, 'changed', false), 'once');
SELECT is(btwin_api.dismiss_recommendation('ann', 'd3'), '{"id": "d3", "status": "DISMISSED", "dismissed_at": null, "changed": false}', 'dismissed by the application, nobody knows when');
SELECT is(pg_temp.places('recommendations'), :'places', 'without writing again');
SELECT is(btwin_api.dismiss_recommendation('ann', 'd6'), '{"id": "d6", "status": "DISMISSED", "dismissed_at": "2026-01-03T00:00:00+00:00", "changed": true}', 'a time without the state');
SELECT is((SELECT status || dismissed_at FROM recommendations WHERE id = 'd6'), 'DISMISSED2026-01-03 00:00:00+00', 'gets the state, and keeps the time');
SELECT is(pg_temp.refusal($$SELECT btwin_api.dismiss_recommendation('ann', 'd2')$$), 'PT409 already_applied', 'what was applied');
SELECT is(pg_temp.refusal($$SELECT btwin_api.dismiss_recommendation('ann')$$), 'PT400 missing_argument recommendation_id', 'which one?');
SELECT is(pg_temp.refusal($$SELECT btwin_api.dismiss_recommendation('ann', 'd4')$$), 'PT404 unknown_id', 'another learner''s');
SELECT is(pg_temp.refusal($$SELECT btwin_api.dismiss_recommendation('ann', 'd9')$$), 'PT404 unknown_id', 'nobody''s');
SELECT is(pg_temp.refusal($$SELECT btwin_api.dismiss_recommendation('off', 'd5')$$), 'PT403 analysis_disabled', 'analysis switched off');
SELECT is(pg_temp.refusal($$SELECT btwin_api.dismiss_recommendation('nobody', 'd1')$$), 'PT404 unknown_learner user_id', 'an unknown learner');
SELECT is(pg_temp.refusal($$SELECT btwin_api.dismiss_recommendation('ann', 'd1')$$, 'on'), '25006', 'refused where nothing can be written');

-- settings

CREATE FUNCTION pg_temp.checked(settings jsonb) RETURNS text LANGUAGE sql AS $$ SELECT pg_temp.refusal(format('SELECT btwin._check_settings_document(''settings'', %L)', settings)) $$;
SELECT is(pg_temp.checked(s), 'accepted', 'accepted: ' || coalesce(s::text, 'NULL'))
FROM (VALUES (1, NULL::jsonb), (2, '{}'), (3, '{"optimal_session_minutes": 15}'), (4, '{"optimal_session_minutes": 180.0}'), (5, '{"review_interval_days": 1}'), (6, '{"review_interval_days": 365}'),
             (12, '{"content_preferences": {"lectures": 0.6, "flashcards": 0.4000009}}'), (14, '{"content_preferences": {"lectures": 1, "flashcards": 0.000001}}'), (15, '{"content_preferences": {"lectures": 0.999999, "flashcards": 0, "validation": 0, "clinical_reasoning": 0}}'), (13, '{"content_preferences": {"lectures": 0.4, "flashcards": 0.3, "validation": 0.2999991, "clinical_reasoning": 0}}'),
             (7, '{"content_preferences": {"lectures": 0}}'), (8, '{"content_preferences": {"lectures": 0.4, "flashcards": 0.3, "validation": 0.3}}'),
             (9, '{"content_preferences": {"lectures": 0.4, "flashcards": 0.3, "validation": 0.3, "clinical_reasoning": 0}}'), (10, '{"preferred_study_times": []}'),
             (11, '{"preferred_study_times": [{"start_hour": 0, "end_hour": 24}, {"start_hour": 23, "end_hour": 24, "day_of_week": -1, "effectiveness": 0}, {"start_hour": 22, "end_hour": 23, "day_of_week": 6, "effectiveness": 1}]}'))
     AS v (place, s) ORDER BY place;
SELECT is(pg_temp.checked(jsonb_build_object('preferred_study_times', (SELECT jsonb_agg('{"start_hour": 1, "end_hour": 2}'::jsonb) FROM generate_series(1, n)))), said, n || ' times')
FROM (VALUES (168, 'accepted'), (169, 'PT400 bad_document settings')) AS v (n, said) ORDER BY n;
SELECT is(pg_temp.checked(s), 'PT400 bad_document settings', 'refused: ' || s::text)
FROM (VALUES (1, '[]'::jsonb), (2, '"x"'), (3, 'null'), (4, '{"minutes": 30}'), (5, '{"optimal_session_minutes": 14}'), (6, '{"optimal_session_minutes": 181}'), (7, '{"optimal_session_minutes": 20.5}'),
             (8, '{"optimal_session_minutes": "20"}'), (9, '{"optimal_session_minutes": null}'), (10, '{"review_interval_days": 0}'), (11, '{"review_interval_days": 366}'), (12, '{"review_interval_days": 1.5}'),
             (13, '{"content_preferences": []}'), (14, '{"content_preferences": {}}'), (15, '{"content_preferences": {"video": 0.5}}'), (16, '{"content_preferences": {"lectures": -0.1}}'),
             (17, '{"content_preferences": {"lectures": 1.1}}'), (18, '{"content_preferences": {"lectures": "1"}}'), (19, '{"content_preferences": {"lectures": 0.6, "flashcards": 0.41}}'),
             (20, '{"content_preferences": {"lectures": 0.4, "flashcards": 0.3, "validation": 0.2, "clinical_reasoning": 0.09}}'), (21, '{"preferred_study_times": {}}'), (22, '{"preferred_study_times": [9]}'),
             (23, '{"preferred_study_times": [{"start_hour": 9, "end_hour": 10, "hour": 1}]}'), (24, '{"preferred_study_times": [{"start_hour": 9}]}'), (25, '{"preferred_study_times": [{"end_hour": 9}]}'),
             (26, '{"preferred_study_times": [{"start_hour": 9, "end_hour": 9}]}'), (27, '{"preferred_study_times": [{"start_hour": 24, "end_hour": 25}]}'), (28, '{"preferred_study_times": [{"start_hour": -1, "end_hour": 2}]}'),
             (29, '{"preferred_study_times": [{"start_hour": 9.5, "end_hour": 11}]}'), (30, '{"preferred_study_times": [{"start_hour": 9, "end_hour": 10, "day_of_week": 7}]}'),
             (31, '{"preferred_study_times": [{"start_hour": 9, "end_hour": 10, "day_of_week": -2}]}'), (32, '{"preferred_study_times": [{"start_hour": 9, "end_hour": 10, "effectiveness": 1.01}]}'),
             (33, '{"preferred_study_times": [{"start_hour": 9, "end_hour": 10, "effectiveness": -0.01}]}'), (34, '{"content_preferences": {"lectures": 0.6, "flashcards": 0.4000011}}'),
             (36, '{"preferred_study_times": [{"start_hour": 9, "end_hour": 25}]}'), (37, '{"preferred_study_times": [{"start_hour": 9, "end_hour": 10.5}]}'),
             (35, '{"content_preferences": {"lectures": 0.4, "flashcards": 0.3, "validation": 0.2999989, "clinical_reasoning": 0}}'))
     AS v (place, s) ORDER BY place;

-- shares: others keep their proportions
CREATE FUNCTION pg_temp.shares(stored jsonb, given jsonb) RETURNS text LANGUAGE sql AS $$ SELECT string_agg(round(s::numeric, 6)::text, ' ') FROM unnest(btwin._share_settings(stored, given)) s $$;
-- 0.3 is left for 0.3, 0.2 and 0.1, which were 0.6
SELECT is(pg_temp.shares('{"lectures": 0.4, "flashcards": 0.3, "validation": 0.2, "clinicalReasoning": 0.1}', '{"lectures": 0.7}'), '0.700000 0.150000 0.100000 0.050000', 'one share given');
SELECT is(pg_temp.shares('{"lectures": 0.4, "flashcards": 0.3, "validation": 0.2, "clinicalReasoning": 0.1}', '{"clinical_reasoning": 0.4, "flashcards": 0.6}'), '0.000000 0.600000 0.000000 0.400000', 'nothing is left');
SELECT is(pg_temp.shares('{"lectures": 1, "flashcards": 0, "validation": 0, "clinicalReasoning": 0}', '{"lectures": 0.4}'), '0.400000 0.200000 0.200000 0.200000', 'the others were nothing');
SELECT is(pg_temp.shares('{}', '{"validation": 0.7}'), '0.100000 0.100000 0.700000 0.100000', 'nothing was known');
SELECT is(pg_temp.shares('{}', '{"lectures": 0.4}'), '0.400000 0.200000 0.200000 0.200000', 'of any of them');
SELECT is(pg_temp.shares('{}', '{"lectures": 0.4, "flashcards": 0.3, "validation": 0.2, "clinical_reasoning": 0.1000005}'), '0.400000 0.300000 0.200000 0.100000', 'all four given');

-- what patterns ask for

INSERT INTO behavioral_patterns (id, user_id, pattern_type, pattern_name, pattern_data, confidence, first_detected_at, last_seen_at, evidence) VALUES
    ('pa', 'ann', 'OPTIMAL_STUDY_TIME', 'n', '{"hourOfDay": 9, "score": 80}', 0.9, now() - interval '9 days', now() - interval '9 days', '{}'),
    ('pb', 'ann', 'SESSION_DURATION_PREFERENCE', 'n', '{"recommendedDuration": 52.5}', 0.7, now() - interval '9 days', now() - interval '9 days', '{}'),
    ('pc', 'ann', 'CONTENT_TYPE_PREFERENCE', 'n', '{"contentPreferences": {"lectures": 2, "flashcards": 1, "validation": 1, "clinicalReasoning": 0}}', 0.5, now() - interval '9 days', now() - interval '9 days', '{}'),
    ('pd', 'ann', 'FORGETTING_CURVE', 'n', '{"halfLife": 5}', 0.8, now() - interval '9 days', now() - interval '9 days', '{}'),
    ('pe', 'ann', 'OPTIMAL_STUDY_TIME', 'n', '{"startHour": 22, "endHour": 24}', 0.6, now() - interval '9 days', now() - interval '9 days', '{}'),
    ('pf', 'bob', 'OPTIMAL_STUDY_TIME', 'n', '{"hourOfDay": 5}', 0.95, now() - interval '9 days', now() - interval '9 days', '{}');
INSERT INTO insight_patterns (id, insight_id, pattern_id) VALUES ('l1', 'i1', 'pd');
CREATE FUNCTION pg_temp.asked(kind text, patterns text[], insights text[] DEFAULT '{}') RETURNS jsonb LANGUAGE sql AS $$ SELECT btwin._pattern_settings('ann', kind, patterns, insights) $$;
SELECT is(pg_temp.asked('STUDY_TIME_OPTIMIZATION', '{pe,pf,pb,pa}'), '{"study_times": [{"dayOfWeek": -1, "startHour": 9, "endHour": 10, "effectiveness": 0.9}]}', 'the surest of the kind, of the learner');
UPDATE behavioral_patterns SET confidence = 0.9 WHERE id = 'pe';
SELECT is(pg_temp.asked('STUDY_TIME_OPTIMIZATION', '{pe,pa}') #>> '{study_times,0,startHour}', '9', 'of two that are as sure the first by id');
UPDATE behavioral_patterns SET confidence = 0.6 WHERE id = 'pe';
SELECT is(pg_temp.asked('STUDY_TIME_OPTIMIZATION', '{pe}'), '{"study_times": [{"dayOfWeek": -1, "startHour": 22, "endHour": 24, "effectiveness": 0.6}]}', 'with both its hours');
SELECT is(pg_temp.asked('STUDY_TIME_OPTIMIZATION', '{pb}'), '{}', 'another kind says nothing of it');
-- 52.5 is rounded up
SELECT is(pg_temp.asked('SESSION_DURATION_ADJUSTMENT', '{pb}'), '{"optimal_session_minutes": 53}', 'minutes');
SELECT is(pg_temp.asked('CONTENT_TYPE_BALANCE', '{pc}'), '{"content_preferences": {"lectures": 0.5, "flashcards": 0.25, "validation": 0.25, "clinical_reasoning": 0}}', 'shares');
-- 0.7 * 5 = 3.5, rounded up
SELECT is(pg_temp.asked('RETENTION_STRATEGY', '{}', '{i1}'), '{"review_interval_days": 4}', 'through an insight');
SELECT is(pg_temp.asked('CONSISTENCY_BUILDING', '{pa,pb,pc,pd}'), '{}', 'a recommendation without a kind of pattern');
SELECT is(pg_temp.asked('STUDY_TIME_OPTIMIZATION', '{}'), '{}', 'no pattern');
CREATE FUNCTION pg_temp.asked_of(pattern_id text, data jsonb, kind text) RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN
    UPDATE behavioral_patterns SET pattern_data = data WHERE id = pattern_id;
    RETURN pg_temp.asked(kind, ARRAY[pattern_id]);
END $$;
SELECT is(pg_temp.asked_of(p, d, k), said, format('%s: %s', k, d)) FROM (VALUES
    (1, 'pb', '{"recommendedDuration": 14}'::jsonb, 'SESSION_DURATION_ADJUSTMENT', '{"optimal_session_minutes": 15}'::jsonb), (2, 'pb', '{"recommendedDuration": 181}', 'SESSION_DURATION_ADJUSTMENT', '{"optimal_session_minutes": 180}'),
    (3, 'pb', '{}', 'SESSION_DURATION_ADJUSTMENT', '{}'), (4, 'pd', '{"halfLife": 0.5}', 'RETENTION_STRATEGY', '{"review_interval_days": 1}'), (5, 'pd', '{"halfLife": 600}', 'RETENTION_STRATEGY', '{"review_interval_days": 365}'),
    -- 0.7 of 10 days; rounded from a half on
    (25, 'pd', '{"halfLife": 10}', 'RETENTION_STRATEGY', '{"review_interval_days": 7}'), (26, 'pd', '{"reviewIntervalDays": 6.49}', 'RETENTION_STRATEGY', '{"review_interval_days": 6}'), (27, 'pb', '{"recommendedDuration": 52.49}', 'SESSION_DURATION_ADJUSTMENT', '{"optimal_session_minutes": 52}'),
    (6, 'pd', '{}', 'RETENTION_STRATEGY', '{}'), (7, 'pc', '{}', 'CONTENT_TYPE_BALANCE', '{}'), (8, 'pe', '{"hourOfDay": 24}', 'STUDY_TIME_OPTIMIZATION', '{}'), (9, 'pe', '{"hourOfDay": 9.5}', 'STUDY_TIME_OPTIMIZATION', '{}'),
    (10, 'pe', '{"startHour": 9, "endHour": 9}', 'STUDY_TIME_OPTIMIZATION', '{}'), (11, 'pe', '{"startHour": 9, "endHour": 9.5}', 'STUDY_TIME_OPTIMIZATION', '{}'), (12, 'pe', '{"startHour": -1}', 'STUDY_TIME_OPTIMIZATION', '{}'),
    -- past midnight in two parts; until midnight in one
    (13, 'pe', '{"startHour": 22, "endHour": 2, "hourOfDay": 3}', 'STUDY_TIME_OPTIMIZATION', '{"study_times": [{"dayOfWeek": -1, "startHour": 22, "endHour": 24, "effectiveness": 0.6}, {"dayOfWeek": -1, "startHour": 0, "endHour": 2, "effectiveness": 0.6}]}'),
    (14, 'pe', '{"startHour": 23, "endHour": 0}', 'STUDY_TIME_OPTIMIZATION', '{"study_times": [{"dayOfWeek": -1, "startHour": 23, "endHour": 24, "effectiveness": 0.6}]}'),
    (23, 'pe', '{"startHour": 9, "endHour": 25}', 'STUDY_TIME_OPTIMIZATION', '{"study_times": [{"dayOfWeek": -1, "startHour": 9, "endHour": 10, "effectiveness": 0.6}]}'),
    (24, 'pc', '{"topContentType": "validation", "effectiveness": -0.1}', 'CONTENT_TYPE_BALANCE', '{}'),
    (15, 'pe', '{"hourOfDay": 0}', 'STUDY_TIME_OPTIMIZATION', '{"study_times": [{"dayOfWeek": -1, "startHour": 0, "endHour": 1, "effectiveness": 0.6}]}'),
    (16, 'pd', '{"halfLife": 5, "reviewIntervalDays": 6.4}', 'RETENTION_STRATEGY', '{"review_interval_days": 6}'),
    -- the best type with the share it should have, or has
    (17, 'pc', '{"topContentType": "flashcard", "recommendedShare": 0.6, "effectiveness": 0.5}', 'CONTENT_TYPE_BALANCE', '{"content_preferences": {"flashcards": 0.6}}'),
    (18, 'pc', '{"topContentType": "lecture", "effectiveness": 0.5}', 'CONTENT_TYPE_BALANCE', '{"content_preferences": {"lectures": 0.5}}'),
    (19, 'pc', '{"topContentType": "clinicalReasoning", "effectiveness": 1}', 'CONTENT_TYPE_BALANCE', '{"content_preferences": {"clinical_reasoning": 1}}'),
    (20, 'pc', '{"topContentType": "clinical_reasoning", "effectiveness": 0}', 'CONTENT_TYPE_BALANCE', '{"content_preferences": {"clinical_reasoning": 0}}'),
    (21, 'pc', '{"topContentType": "validation", "effectiveness": 1.01}', 'CONTENT_TYPE_BALANCE', '{}'), (22, 'pc', '{"topContentType": "video", "effectiveness": 0.5}', 'CONTENT_TYPE_BALANCE', '{}')) AS v (place, p, d, k, said) ORDER BY place;
UPDATE behavioral_patterns SET pattern_data = '{"recommendedDuration": 52.5}' WHERE id = 'pb';

-- as a learner, under policies, with an empty path

SELECT pg_temp.recommend('w1', 'ann') \g /dev/null
UPDATE behavioral_insights SET acknowledged_at = NULL WHERE id = 'i1';
GRANT EXECUTE ON FUNCTION pg_temp.refusal(text, text) TO regress_web;
SET LOCAL search_path = '';
SET LOCAL ROLE regress_web;
SET LOCAL btwin.user_id = 'ann';
SELECT btwin_api.acknowledge_insight(insight_id => 'i1') ->> 'changed' AS said_0, btwin_api.dismiss_recommendation(recommendation_id => 'w1') ->> 'changed' AS said_1,
       pg_catalog.concat_ws(', ', pg_temp.refusal('SELECT btwin_api.acknowledge_insight(insight_id => ''i4'')'), pg_temp.refusal('SELECT btwin_api.acknowledge_insight(insight_id => ''x'')'),
                            pg_temp.refusal('SELECT btwin_api.dismiss_recommendation(recommendation_id => ''d4'')'), pg_temp.refusal('SELECT btwin_api.dismiss_recommendation(recommendation_id => ''x'')'),
                            pg_temp.refusal('SELECT btwin_api.acknowledge_insight(''bob'', ''i4'')'), pg_temp.refusal('SELECT btwin_api.dismiss_recommendation(''bob'', ''d4'')')) AS said_2 \gset
SET LOCAL btwin.user_id = 'nobody';
SELECT pg_temp.refusal('SELECT btwin_api.acknowledge_insight(insight_id => ''i1'')') || ', ' || pg_temp.refusal('SELECT btwin_api.dismiss_recommendation(recommendation_id => ''w1'')') AS said_3 \gset
SET LOCAL btwin.user_id = '';
SELECT pg_temp.refusal('SELECT btwin_api.acknowledge_insight(insight_id => ''i1'')') || ', ' || pg_temp.refusal('SELECT btwin_api.dismiss_recommendation(recommendation_id => ''w1'')') AS said_4 \gset
RESET ROLE;
RESET search_path;
SELECT is(:'said_0'::text, 'true', 'a learner takes note of an insight');
SELECT is(:'said_1'::text, 'true', 'and dismisses a recommendation');
SELECT is(:'said_2'::text, 'PT403 forbidden, PT403 forbidden, PT403 forbidden, PT403 forbidden, PT403 forbidden, PT403 forbidden', 'not what is another''s, nor what is nobody''s, nor for another');
SELECT is(:'said_3'::text, 'PT403 forbidden, PT403 forbidden', 'a learner who is not among the users');
SELECT is(:'said_4'::text, 'PT403 no_claim, PT403 no_claim', 'nobody');
SELECT * FROM finish();
ROLLBACK;
