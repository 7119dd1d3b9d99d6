-- btwin_api.apply_recommendation, and what the analysis makes of it after 14 days.
-- One transaction: now() is one moment.
BEGIN;
SET LOCAL client_min_messages = warning;
SET LOCAL DateStyle = 'ISO, YMD';
SET LOCAL TimeZone = 'UTC';
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS btwin;
SELECT plan(74);
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

INSERT INTO users (id, behavioral_analysis_enabled) VALUES ('ann', true), ('bob', true), ('off', false), ('two', true);
CREATE FUNCTION pg_temp.recommend(id text, learner text, kind text DEFAULT 'CONSISTENCY_BUILDING', patterns text[] DEFAULT '{}', insights text[] DEFAULT '{}') RETURNS text LANGUAGE sql AS $$
INSERT INTO recommendations (id, user_id, recommendation_type, title, description, actionable_text, confidence, estimated_impact, ease_of_implementation, user_readiness, priority_score,
                             source_pattern_ids, source_insight_ids, created_at)
VALUES (id, learner, kind, 't', 'd', 'a', 0.8, 0.5, 0.5, 0.5, 0.6, patterns, insights, now() - interval '3 days') RETURNING id
$$;
INSERT INTO behavioral_patterns (id, user_id, pattern_type, pattern_name, pattern_data, confidence, first_detected_at, last_seen_at, evidence) VALUES
    ('pa', 'ann', 'OPTIMAL_STUDY_TIME', 'n', '{"hourOfDay": 9}', 0.875, now() - interval '9 days', now() - interval '9 days', '{}'),
    ('pb', 'ann', 'SESSION_DURATION_PREFERENCE', 'n', '{"recommendedDuration": 52.5}', 0.75, now() - interval '9 days', now() - interval '9 days', '{}'),
    ('pc', 'ann', 'CONTENT_TYPE_PREFERENCE', 'n', '{"contentPreferences": {"lectures": 2, "flashcards": 1, "validation": 1, "clinicalReasoning": 0}}', 0.5, now() - interval '9 days', now() - interval '9 days', '{}'),
    ('pd', 'ann', 'FORGETTING_CURVE', 'n', '{"halfLife": 5}', 0.625, now() - interval '9 days', now() - interval '9 days', '{}'),
    ('pf', 'bob', 'OPTIMAL_STUDY_TIME', 'n', '{"hourOfDay": 5}', 0.95, now() - interval '9 days', now() - interval '9 days', '{}');
INSERT INTO user_learning_profiles (id, user_id, preferred_study_times, average_session_duration, optimal_session_duration, content_preferences, learning_style_profile, personalized_forgetting_curve, data_quality_score) VALUES
    ('pr1', 'ann', '[{"dayOfWeek": 2, "startHour": 20, "endHour": 21, "effectiveness": 0.7}]', 40, 60, '{"lectures": 0.4, "flashcards": 0.3, "validation": 0.2, "clinicalReasoning": 0.1, "preferredTypes": ["video"]}', '{}', '{"R0": 1, "k": 0.1}', 0.6),
    ('pr2', 'bob', '"broken"', 40, 60, '[]', '{}', '[]', 0);
INSERT INTO btwin.provenance (user_id, kind, id, method, version, computed_for, evidence_count, low, high) VALUES ('ann', 'user_learning_profiles', 'pr1', 'btwin', 'pattern-1', now() - interval '9 days', 50, 50, 70);
-- of the 168 hours up to now: their first microsecond, and now; not what came 168 hours ago, nor what is still to come
INSERT INTO study_sessions (id, user_id, started_at) VALUES ('s1', 'ann', now() - interval '168 hours'), ('s2', 'ann', now() - interval '168 hours' + interval '1 microsecond'),
    ('s3', 'ann', now() - interval '1 day'), ('s4', 'ann', now()), ('s5', 'ann', now() + interval '1 microsecond'), ('s6', 'bob', now());
SELECT date_trunc('milliseconds', now()) AS written \gset

-- what it is measured by: (0.875 + 0.75 + 0.5 + 0.625)/4 = 0.6875
SELECT is(btwin._study_metrics('ann', now()), jsonb_build_object('avgConfidence', 0.6875, 'behavioralScore', 0.6, 'sessionCount', 3, 'capturedAt', to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')), 'measured');
SELECT is(btwin._study_metrics('two', '2026-03-01 12:00:00.987654+00'), '{"avgConfidence": null, "behavioralScore": null, "sessionCount": 0, "capturedAt": "2026-03-01T12:00:00.987Z"}', 'nothing is there');

-- by hand

SELECT pg_temp.recommend('r1', 'ann', 'STUDY_TIME_OPTIMIZATION', '{pa}') \g /dev/null
SELECT pg_temp.places('user_learning_profiles') AS profiles \gset
SELECT btwin_api.apply_recommendation('ann', 'r1', idempotency_key => 'k1') AS answer \gset
SELECT is(:'answer'::jsonb - 'application_id', jsonb_build_object('id', 'r1', 'application_type', 'MANUAL', 'applied_at', :'written'::timestamptz,
    'baseline_metrics', jsonb_build_object('avg_confidence', 0.6875, 'behavioral_score', 0.6, 'session_count', 3, 'captured_at', :'written'::timestamptz),
    'updated_settings', NULL, 'evaluate_after', :'written'::timestamptz + interval '336 hours'), 'the answer');
SELECT results_eq($$SELECT recommendation_id, application_type, baseline_metrics, current_metrics, effectiveness, applied_at, evaluated_at FROM applied_recommendations WHERE user_id = 'ann'$$,
    format($$VALUES ('r1', 'MANUAL', btwin._study_metrics('ann', now()), NULL::jsonb, NULL::float8, %L::timestamptz, NULL::timestamptz)$$, :'written'), 'the row');
SELECT is((SELECT id FROM applied_recommendations WHERE user_id = 'ann'), :'answer'::jsonb ->> 'application_id', 'under the id of the answer');
SELECT is((SELECT status || applied_at FROM recommendations WHERE id = 'r1'), 'PENDING' || :'written'::timestamptz, 'the recommendation');
SELECT is(pg_temp.places('user_learning_profiles'), :'profiles', 'the profile is the learner''s to change');
SELECT is(btwin_api.apply_recommendation('ann', 'r1', idempotency_key => 'k1')::text, :'answer', 'the same key: the same answer, byte for byte');
SELECT is((SELECT count(*) FROM applied_recommendations), 1::bigint, 'and nothing twice');
SELECT is(pg_temp.refusal($$SELECT btwin_api.apply_recommendation('ann', 'r2', idempotency_key => 'k1')$$), 'PT409 key_reused idempotency_key', 'the key with another recommendation');
SELECT is(pg_temp.refusal($$SELECT btwin_api.apply_recommendation('ann', 'r1', 'AUTO', idempotency_key => 'k1')$$), 'PT409 key_reused idempotency_key', 'another type');
SELECT is(pg_temp.refusal($$SELECT btwin_api.apply_recommendation('ann', 'r1', settings => '{}', idempotency_key => 'k1')$$), 'PT409 key_reused idempotency_key', 'other settings');
SELECT is(pg_temp.refusal($$SELECT btwin_api.apply_recommendation('ann', 'r1', idempotency_key => 'k2')$$), 'PT409 already_applied', 'another key: applied before');
SELECT is(pg_temp.refusal($$SELECT btwin_api.apply_recommendation('ann', 'r1')$$), 'PT409 already_applied', 'or none');
SELECT is(pg_temp.refusal($$SELECT btwin_api.dismiss_recommendation('ann', 'r1')$$), 'PT409 already_applied', 'nor dismissed');
SELECT is((SELECT count(*) FROM btwin.api_call), 1::bigint, 'refused calls leave no key');
SELECT pg_temp.recommend(r, 'ann') FROM unnest('{r2,r3,r4,r5}'::text[]) r \g /dev/null
SELECT is((SELECT string_agg(btwin_api.apply_recommendation('ann', r, t, '{"optimal_session_minutes": 30}') ->> 'updated_settings', ' ') IS NULL
           FROM (VALUES ('r2', 'REMINDER'), ('r3', 'GOAL'), ('r4', 'MANUAL')) AS v (r, t)), true, 'settings without AUTO change nothing');
SELECT is((SELECT string_agg(application_type, ' ' ORDER BY recommendation_id) FROM applied_recommendations), 'MANUAL REMINDER GOAL MANUAL', 'how it was applied');
SELECT is(pg_temp.places('user_learning_profiles'), :'profiles', 'the profile stays');
SELECT is((btwin_api.apply_recommendation('ann', 'r5', 'AUTO')) -> 'updated_settings', 'null', 'AUTO with nothing to set');
SELECT is(pg_temp.places('user_learning_profiles'), :'profiles', 'the profile stays');

-- AUTO

SELECT pg_temp.recommend('a1', 'ann', 'STUDY_TIME_OPTIMIZATION', '{pa}'), pg_temp.recommend('a2', 'ann', 'STUDY_TIME_OPTIMIZATION', '{pa}'), pg_temp.recommend('a3', 'ann', 'SESSION_DURATION_ADJUSTMENT', '{pb}'),
       pg_temp.recommend('a4', 'ann', 'CONTENT_TYPE_BALANCE', '{pc}'), pg_temp.recommend('a5', 'ann', 'RETENTION_STRATEGY', '{pd}'), pg_temp.recommend('a6', 'ann', 'RETENTION_STRATEGY', '{pd}'),
       pg_temp.recommend('a7', 'ann', 'EXPERIMENTAL_SUGGESTION'), pg_temp.recommend('a8', 'ann', 'SESSION_DURATION_ADJUSTMENT', '{pb}'), pg_temp.recommend('b1', 'bob', 'STUDY_TIME_OPTIMIZATION', '{pf}'),
       pg_temp.recommend('b2', 'bob', 'CONTENT_TYPE_BALANCE'), pg_temp.recommend('t1', 'two', 'CONSISTENCY_BUILDING') \g /dev/null
CREATE FUNCTION pg_temp.auto(id text, settings jsonb DEFAULT NULL, learner text DEFAULT 'ann') RETURNS jsonb LANGUAGE sql AS $$
SELECT btwin_api.apply_recommendation(learner, id, 'AUTO', settings) -> 'updated_settings' $$;
SELECT is(pg_temp.auto('a1'), '{"preferred_study_times": [{"day_of_week": 2, "start_hour": 20, "end_hour": 21, "effectiveness": 0.7}, {"day_of_week": -1, "start_hour": 9, "end_hour": 10, "effectiveness": 0.875}],
    "optimal_session_minutes": null, "content_preferences": null, "review_interval_days": null}', 'a time joins');
SELECT is((SELECT preferred_study_times FROM user_learning_profiles WHERE id = 'pr1'),
    '[{"dayOfWeek": 2, "startHour": 20, "endHour": 21, "effectiveness": 0.7}, {"dayOfWeek": -1, "startHour": 9, "endHour": 10, "effectiveness": 0.875}]', 'spelled as the application reads it');
SELECT is((SELECT concat_ws(' ', low, high) FROM btwin.provenance WHERE kind = 'user_learning_profiles'), '50 70', 'the interval of the length stays');
SELECT pg_temp.places('user_learning_profiles') AS profiles \gset
SELECT is(jsonb_array_length(pg_temp.auto('a2') -> 'preferred_study_times'), 2, 'once');
SELECT is(pg_temp.places('user_learning_profiles'), :'profiles', 'without writing again');
UPDATE behavioral_patterns SET pattern_data = '{"startHour": 20, "endHour": 1}' WHERE id = 'pa';
SELECT pg_temp.recommend('a9', 'ann', 'STUDY_TIME_OPTIMIZATION', '{pa}') \g /dev/null
SELECT is((SELECT string_agg(concat_ws('-', t -> 'day_of_week', t -> 'start_hour', t -> 'end_hour', t -> 'effectiveness'), ' ' ORDER BY n) FROM jsonb_array_elements(pg_temp.auto('a9') -> 'preferred_study_times') WITH ORDINALITY e (t, n)),
    '2-20-21-0.7 -1-9-10-0.875 -1-20-24-0.875 -1-0-1-0.875', 'a time that passes midnight joins in two parts');
SELECT is(pg_temp.auto('a3') ->> 'optimal_session_minutes', '53', 'minutes');
SELECT is((SELECT optimal_session_duration FROM user_learning_profiles WHERE id = 'pr1'), 53, 'in the profile');
SELECT is((SELECT concat_ws(' ', method, evidence_count, low, high) FROM btwin.provenance WHERE kind = 'user_learning_profiles'), 'btwin 50', 'without the interval of the length before');
-- an interval of which one end is known goes too; where there is none nothing is written
CREATE FUNCTION pg_temp.lasting(minutes integer) RETURNS text LANGUAGE plpgsql AS $$
DECLARE place text := (SELECT ctid FROM btwin.provenance WHERE kind = 'user_learning_profiles');
BEGIN
    PERFORM btwin._apply_settings('ann', jsonb_build_object('optimal_session_minutes', minutes));
    RETURN (SELECT concat_ws(' ', ctid::text = place, low, high) FROM btwin.provenance WHERE kind = 'user_learning_profiles');
END $$;
SELECT is(pg_temp.lasting(54), 't', 'there was no interval any more');
UPDATE btwin.provenance SET low = 50 WHERE kind = 'user_learning_profiles';
SELECT is(pg_temp.lasting(53), 'f', 'one end is as much');
SELECT is(pg_temp.auto('a4') -> 'content_preferences', '{"lectures": 0.5, "flashcards": 0.25, "validation": 0.25, "clinical_reasoning": 0}', 'shares');
SELECT is((SELECT content_preferences FROM user_learning_profiles WHERE id = 'pr1'), '{"lectures": 0.5, "flashcards": 0.25, "validation": 0.25, "clinicalReasoning": 0, "preferredTypes": ["video"]}', 'beside what else stands there');
SELECT is(pg_temp.auto('a5') ->> 'review_interval_days', '4', 'a review interval: 0.7 of 5 days, rounded');
SELECT is((SELECT personalized_forgetting_curve FROM user_learning_profiles WHERE id = 'pr1'), '{"R0": 1, "k": 0.1, "recommendedReviewInterval": 4}', 'beside the curve');
SELECT is(pg_temp.auto('a6', '{"review_interval_days": 9, "optimal_session_minutes": 30}'), '{"preferred_study_times": null, "optimal_session_minutes": 30, "content_preferences": null, "review_interval_days": 9}', 'what the caller says goes first');
SELECT is((SELECT optimal_session_duration || ' ' || (personalized_forgetting_curve ->> 'recommendedReviewInterval') FROM user_learning_profiles WHERE id = 'pr1'), '30 9', 'in the profile');
SELECT is(pg_temp.auto('a7', '{"preferred_study_times": [{"start_hour": 6, "end_hour": 8, "day_of_week": 0, "effectiveness": 0.5}, {"start_hour": 7, "end_hour": 9}], "content_preferences": {"clinical_reasoning": 1}}'),
    '{"preferred_study_times": [{"day_of_week": 0, "start_hour": 6, "end_hour": 8, "effectiveness": 0.5}, {"day_of_week": -1, "start_hour": 7, "end_hour": 9, "effectiveness": null}], "optimal_session_minutes": null,
      "content_preferences": {"lectures": 0, "flashcards": 0, "validation": 0, "clinical_reasoning": 1}, "review_interval_days": null}', 'a type without a pattern: the settings alone');
SELECT is((SELECT preferred_study_times -> 1 FROM user_learning_profiles WHERE id = 'pr1'), '{"dayOfWeek": -1, "startHour": 7, "endHour": 9, "effectiveness": null}', 'any day where none is said');
SELECT is((btwin_api.learning_profile('ann') #> '{preferred_study_times,0,day_of_week}') || (btwin_api.learning_profile('ann') -> 'content_preferences' -> 'clinical_reasoning')
          || (btwin_api.learning_profile('ann') #> '{forgetting_curve,recommended_review_interval_days}') || (btwin_api.learning_profile('ann') #> '{optimal_session_minutes,value}'), '[0, 1, 9, 30]', 'as the profile is read');
-- times, shares and a curve that are none
SELECT is(pg_temp.auto('b1', learner => 'bob') -> 'preferred_study_times', '[{"day_of_week": -1, "start_hour": 5, "end_hour": 6, "effectiveness": 0.95}]', 'a list that was none');
UPDATE user_learning_profiles SET preferred_study_times = '[{"startHour": 20, "endHour": 21}]' WHERE id = 'pr2';
SELECT is(btwin._apply_settings('bob', '{"study_times": []}') -> 'preferred_study_times', '[{"day_of_week": -1, "start_hour": 20, "end_hour": 21, "effectiveness": null}]', 'a time of any day');
SELECT is(pg_temp.auto('b2', '{"review_interval_days": 2, "content_preferences": {"lectures": 0.1}}', 'bob') -> 'review_interval_days', '2', 'a curve and shares that were none');
SELECT is((SELECT personalized_forgetting_curve || content_preferences FROM user_learning_profiles WHERE id = 'pr2'),
    jsonb_build_object('recommendedReviewInterval', 2, 'lectures', 0.1, 'flashcards', 0.9 / 3, 'validation', 0.9 / 3, 'clinicalReasoning', 0.9 / 3), 'are some now');
SELECT is(pg_temp.auto('t1', '{"review_interval_days": 2}', 'two'), 'null', 'no profile: nothing to set');
SELECT is((SELECT count(*) FROM user_learning_profiles WHERE user_id = 'two'), 0::bigint, 'none is invented');

-- refusals

UPDATE recommendations SET status = 'DISMISSED' WHERE id = 'r1';
SELECT is(pg_temp.refusal($$SELECT btwin_api.apply_recommendation('ann', 'r1')$$), 'PT409 already_applied', 'applied, and dismissed by the application after that');
SELECT pg_temp.recommend('d1', 'ann'), pg_temp.recommend('d2', 'ann'), pg_temp.recommend('o1', 'off') \g /dev/null
UPDATE recommendations SET status = 'DISMISSED' WHERE id = 'd1';
UPDATE recommendations SET dismissed_at = now() WHERE id = 'd2';
SELECT is((SELECT string_agg(pg_temp.refusal('SELECT btwin_api.apply_recommendation(' || a || ')'), ', ' ORDER BY n) FROM unnest(ARRAY[
    $$'ann'$$, $$'ann', 'a8', NULL$$, $$'ann', 'a8', 'auto'$$, $$'ann', 'a8', settings => '{"x": 1}'$$, $$'ann', 'a8', idempotency_key => ''$$, $$'ann', 'd1'$$, $$'ann', 'd2'$$, $$'ann', 'b1'$$, $$'ann', 'x'$$,
    $$'nobody', 'a8'$$, $$'off', 'o1'$$, $$NULL, 'a8'$$]) WITH ORDINALITY AS v (a, n)),
    'PT400 missing_argument recommendation_id, PT400 missing_argument application_type, PT400 not_allowed_value application_type, PT400 bad_document settings, PT400 out_of_range idempotency_key, '
    'PT409 already_dismissed, PT409 already_dismissed, PT404 unknown_id, PT404 unknown_id, PT404 unknown_learner user_id, PT403 analysis_disabled, PT400 user_required user_id', 'refusals');
SELECT is(pg_temp.refusal($$SELECT btwin_api.apply_recommendation('ann', 'a8')$$, 'on'), '25006', 'refused where nothing can be written');
SELECT is(pg_temp.refusal($$SELECT btwin_api.apply_recommendation('ann', 'r1', idempotency_key => 'k1')$$, 'on'), '25006', 'also an answer that is known');
SELECT is((SELECT applied_at FROM recommendations WHERE id = 'a8'), NULL, 'nothing is half applied');

-- as a learner, under policies

GRANT EXECUTE ON FUNCTION pg_temp.refusal(text, text) TO regress_web;
SET LOCAL search_path = '';
SET LOCAL ROLE regress_web;
SET LOCAL btwin.user_id = 'ann';
SELECT btwin_api.apply_recommendation(recommendation_id => 'a8', application_type => 'AUTO', idempotency_key => 'k8') #>> '{updated_settings,optimal_session_minutes}' AS said_0,
       pg_temp.refusal('SELECT btwin_api.apply_recommendation(recommendation_id => ''b1'')') AS said_1, pg_temp.refusal('SELECT btwin_api.apply_recommendation(recommendation_id => ''x'')') AS said_2,
       pg_temp.refusal('SELECT btwin_api.apply_recommendation(''bob'', ''b1'')') AS said_3 \gset
SET LOCAL btwin.user_id = 'nobody';
SELECT pg_temp.refusal('SELECT btwin_api.apply_recommendation(recommendation_id => ''a8'')') AS said_4 \gset
RESET ROLE;
RESET search_path;
SELECT is(:'said_0'::text, '53', 'a learner applies, with an empty path');
SELECT is(:'said_1'::text, 'PT403 forbidden', 'not what is another''s');
SELECT is(:'said_2'::text, 'PT403 forbidden', 'nor what is nobody''s');
SELECT is(:'said_3'::text, 'PT403 forbidden', 'nor for another');
SELECT is(:'said_4'::text, 'PT403 forbidden', 'a learner who is not among the users');
SELECT is((SELECT count(*) FROM btwin.api_call WHERE idempotency_key = 'k8'), 1::bigint, 'with its key');

-- 14 days later

CREATE FUNCTION pg_temp.effect(before_metrics jsonb, after_metrics jsonb) RETURNS text LANGUAGE sql AS $$ SELECT coalesce(round(btwin._metrics_effect(before_metrics, after_metrics)::numeric, 6)::text, '-') $$;
-- 0.5 to 0.6 is a fifth more, 0.8 to 0.6 a quarter less: (0.2 - 0.25)/2
SELECT is(pg_temp.effect('{"behavioralScore": 0.5, "avgConfidence": 0.8, "sessionCount": 1}', '{"behavioralScore": 0.6, "avgConfidence": 0.6, "sessionCount": 9}'), '-0.025000', 'a decline stays negative');
SELECT is(pg_temp.effect('{"behavioralScore": 0, "avgConfidence": 0.8}', '{"behavioralScore": 0.6, "avgConfidence": 1}'), '0.250000', 'from 0 on nothing is relative');
SELECT is(pg_temp.effect('{"behavioralScore": 0.5, "avgConfidence": 0.8}', '{"behavioralScore": 0.6, "avgConfidence": 0}'), '0.200000', 'nor to 0');
SELECT is(pg_temp.effect('{"behavioralScore": 0.5}', '{"avgConfidence": 0.8}'), '-', 'nothing to compare');
SELECT is(pg_temp.effect('"x"', '{"avgConfidence": 0.8}'), '-', 'a document that is none');
SELECT is(pg_temp.effect('{"avgConfidence": 0.1}', '{"avgConfidence": 0.9}'), '1.000000', 'at most 1');
SELECT is(pg_temp.effect('{"avgConfidence": 0.5}', '{"avgConfidence": -2}'), '-1.000000', 'at least -1');
SELECT is(pg_temp.effect('{"avgConfidence": -0.5}', '{"avgConfidence": -0.25}'), '0.500000', 'less of a bad thing is more');

DELETE FROM applied_recommendations;
INSERT INTO applied_recommendations (id, user_id, recommendation_id, application_type, baseline_metrics, applied_at, evaluated_at) VALUES
    ('x1', 'ann', 'a1', 'AUTO', '{"behavioralScore": 0.5, "avgConfidence": 0.8}', now() - interval '336 hours', NULL),
    ('x2', 'ann', 'a2', 'AUTO', '{"behavioralScore": 0.5, "avgConfidence": 0.8}', now() - interval '336 hours' + interval '1 microsecond', NULL),
    ('x3', 'ann', 'a3', 'AUTO', '{}', now() - interval '600 hours', NULL),
    ('x4', 'ann', 'a4', 'AUTO', '{"behavioralScore": 0.5}', now() - interval '600 hours', now() - interval '1 day'),
    ('x5', 'bob', 'b1', 'AUTO', '{"behavioralScore": 0.5}', now() - interval '600 hours', NULL);
SELECT is(btwin._analyze_recommendation_effects('ann', now() - interval '264 hours 1 microsecond'), '{"evaluated": 0, "not_comparable": 0}', 'none is due');
SELECT pg_temp.places('applied_recommendations') AS places \gset
SELECT is(btwin._analyze_recommendation_effects('ann', now()), '{"evaluated": 2, "not_comparable": 1}', 'two are due, one with nothing to compare');
-- profile 0.6 of 0.5: + 0.2; patterns (0.875 + 0.75 + 0.5 + 0.625)/4 = 0.6875 of 0.8: - 0.140625; half of the sum is 0.0296875
SELECT results_eq($$SELECT id, round(effectiveness::numeric, 6), current_metrics IS NOT DISTINCT FROM CASE WHEN id IN ('x1', 'x3') THEN btwin._study_metrics('ann', now()) END,
    evaluated_at IS NOT DISTINCT FROM CASE WHEN id IN ('x1', 'x3') THEN date_trunc('milliseconds', now()) WHEN id = 'x4' THEN now() - interval '1 day' END FROM applied_recommendations ORDER BY id$$,
    $$VALUES ('x1', 0.029688, true, true), ('x2', NULL, true, true), ('x3', NULL, true, true), ('x4', NULL, true, true), ('x5', NULL, true, true)$$, 'what came of them');
SELECT pg_temp.places('applied_recommendations') AS places \gset
SELECT is(btwin._analyze_recommendation_effects('ann', now()), '{"evaluated": 0, "not_comparable": 0}', 'a second time');
SELECT is(pg_temp.places('applied_recommendations'), :'places', 'nothing is written');
SELECT is(btwin._analyze_recommendation_effects('two', now()), '{"evaluated": 0, "not_comparable": 0}', 'a learner without any');
SELECT is((SELECT function || ' ' || position FROM btwin.analysis_step WHERE step = 'recommendation_effects'), 'btwin._analyze_recommendation_effects 80', 'a step of the analysis');
SELECT is(round((btwin_api.recommendation_metrics('ann') #>> '{behavioral,effectiveness,value}')::numeric, 5)::text || (btwin_api.recommendation_metrics('ann') #>> '{behavioral,evaluated_count}'), '0.029693', 'as the metrics read it: one value of three evaluated');
SELECT * FROM finish();
ROLLBACK;
