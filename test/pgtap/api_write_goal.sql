-- btwin_api.create_goal, update_goal_progress.
-- One transaction: now() is one moment.
BEGIN;
SET LOCAL client_min_messages = warning;
SET LOCAL DateStyle = 'ISO, YMD';
SET LOCAL TimeZone = 'UTC';
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS btwin;
SELECT plan(63);
CREATE ROLE regress_web;
CREATE ROLE regress_service;
CREATE TEMP TABLE attached AS SELECT * FROM btwin.attach('public');
CREATE TEMP TABLE secured AS SELECT * FROM btwin.secure('regress_web', 'regress_service');

\ir api_helpers.psql
CREATE FUNCTION pg_temp.refusals(function_name text, VARIADIC calls text[]) RETURNS text LANGUAGE sql AS $$
SELECT string_agg(pg_temp.refusal(format('SELECT btwin_api.%I(%s)', function_name, c)), ', ' ORDER BY n) FROM unnest(calls) WITH ORDINALITY AS u (c, n)
$$;

INSERT INTO users (id, behavioral_analysis_enabled) VALUES ('ann', true), ('bob', true), ('eve', true), ('off', false);
-- the 28th of a month at 02:00 UTC is the 27th in Honolulu
INSERT INTO btwin.learner (user_id, time_zone) VALUES ('bob', 'Pacific/Honolulu');
-- ann studies at every hour equally well: 2 sessions of the week count, of 20 and 40 minutes; shares: 1 - (0.4 - 0.25) = 0.85; half-life 6.5
INSERT INTO user_learning_profiles (id, user_id, preferred_study_times, average_session_duration, optimal_session_duration, content_preferences, learning_style_profile, personalized_forgetting_curve) VALUES
    ('p1', 'ann', (SELECT jsonb_agg(jsonb_build_object('startHour', h)) FROM generate_series(0, 23) h), 99, 60, '{}', '{"visual": 0.4, "auditory": 0.3, "reading": 0.2, "kinesthetic": 0.1}', '{"halfLife": 6.5}');
INSERT INTO study_sessions (id, user_id, started_at, completed_at, duration_ms) VALUES ('s1', 'ann', now() - interval '1 hour', now(), 1200000), ('s2', 'ann', now() - interval '2 hours', now(), 2400000),
    ('o1', 'off', now() - interval '1 hour', now(), 1200000), ('e1', 'eve', now() - interval '1 hour', now(), 3600000);
SELECT date_trunc('milliseconds', now()) AS written \gset
-- how long until the deadline, in days; a default is rounded up to the millisecond
CREATE FUNCTION pg_temp.days(goal jsonb) RETURNS text LANGUAGE sql AS $$
SELECT round(extract(epoch FROM (goal ->> 'deadline')::timestamptz - date_trunc('milliseconds', now())) / 86400, 5)::text $$;

-- templates

CREATE FUNCTION pg_temp.created(learner text, kind text, target float8 DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
SELECT concat_ws('|', g ->> 'title', g ->> 'target_metric', g ->> 'unit', g ->> 'start_value', g ->> 'current_value', g ->> 'target_value', g ->> 'direction', g ->> 'progress', g ->> 'status', pg_temp.days(g), g ->> 'days_left')
FROM btwin_api.create_goal(learner, kind, target_value => target) g
$$;
SELECT is(pg_temp.created('ann', 'STUDY_TIME_CONSISTENCY'), 'Study at your best time, 5 sessions a week|peakHourSessionsPerWeek|sessions|2|2|5|INCREASE|0|ACTIVE|30.00000|30', 'sessions at the best time');
SELECT is(pg_temp.created('ann', 'SESSION_DURATION'), 'Sessions of 45 minutes|avgSessionDuration|minutes|30|30|45|INCREASE|0|ACTIVE|21.00000|21', 'length of sessions');
SELECT is(pg_temp.created('eve', 'SESSION_DURATION'), 'Sessions of 45 minutes|avgSessionDuration|minutes|60|60|45|DECREASE|0|ACTIVE|21.00000|21', 'which may have to fall');
SELECT is(pg_temp.created('ann', 'RETENTION_IMPROVEMENT'), 'Remember for 7 days|retentionHalfLifeDays|days|6.5|6.5|7|INCREASE|0|ACTIVE|60.00000|60', 'half-life');
SELECT is(pg_temp.created('ann', 'CONTENT_DIVERSIFICATION', 0.9), 'A mix of content, balanced to 0.9|varkBalanceScore|score|0.85|0.85|0.9|INCREASE|0|ACTIVE|45.00000|45', 'mix of content');
SELECT is(pg_temp.created('ann', 'CONTENT_DIVERSIFICATION', 0.8), 'A mix of content, balanced to 0.8|varkBalanceScore|score|0.85|0.85|0.8|DECREASE|0|ACTIVE|45.00000|45', 'less of it, if it must be');
SELECT is(pg_temp.created('ann', 'CUSTOM'), 'A goal of your own: 100|custom|0|0|100|INCREASE|0|ACTIVE|30.00000|30', 'a goal of one''s own');
SELECT is(pg_temp.created('eve', 'CONTENT_DIVERSIFICATION'), 'A mix of content, balanced to 0.7|varkBalanceScore|score|0|0.7|INCREASE|ACTIVE|45.00000|45', 'the usual target; what is not measured starts from 0, and is nowhere yet');
SELECT is(pg_temp.refusal($$SELECT btwin_api.create_goal('ann', 'CONTENT_DIVERSIFICATION')$$), 'PT400 INVALID_TARGET_VALUE target_value', 'the usual target is behind the learner');
SELECT is(pg_temp.refusals('create_goal', $$'ann', 'STUDY_TIME_CONSISTENCY', target_value => 2$$, $$'ann', 'RETENTION_IMPROVEMENT', target_value => 6.5$$, $$'ann', 'CUSTOM', target_value => 0$$, $$'ann', 'CUSTOM', start_value => 100$$,
    $$'eve', 'STUDY_TIME_CONSISTENCY', target_value => 0$$, $$'ann', 'CUSTOM', start_value => 101$$),
    'PT400 INVALID_TARGET_VALUE target_value, PT400 INVALID_TARGET_VALUE target_value, PT400 INVALID_TARGET_VALUE target_value, PT400 INVALID_TARGET_VALUE target_value, PT400 INVALID_TARGET_VALUE target_value, PT400 INVALID_TARGET_VALUE target_value', 'the target is the start');
SELECT is((SELECT string_agg(description, ' ' ORDER BY goal_type) FROM (SELECT DISTINCT goal_type, description FROM behavioral_goals) g),
    'How evenly what you meet is spread over images, speech, text and practice. You tell how far you are. Days after which half of what you learned is forgotten. Mean length of the sessions of a week. Sessions of a week that begin in an hour in which you study best.', 'texts');
DELETE FROM behavioral_goals;
DELETE FROM insight_notifications;

-- a goal with everything, its row and its notification

SELECT btwin_api.create_goal('ann', 'CUSTOM', 'Pages', 'of the book', 'pages', 20, 5, now() + interval '72 hours', 'k1') AS answer \gset
SELECT :'answer'::jsonb ->> 'id' AS goal \gset
SELECT is(:'answer'::jsonb, jsonb_build_object('id', :'goal', 'goal_type', 'CUSTOM', 'title', 'Pages', 'description', 'of the book', 'target_metric', 'pages', 'unit', NULL, 'start_value', 5, 'current_value', 5, 'target_value', 20,
    'direction', 'INCREASE', 'progress', 0, 'deadline', :'written'::timestamptz + interval '72 hours', 'days_left', CASE WHEN now() = :'written' THEN 3 ELSE 2 END, 'is_overdue', false, 'status', 'ACTIVE', 'projected_at', NULL,
    'projected_on_time', NULL, 'progress_history', jsonb_build_array(jsonb_build_object('date', to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), 'value', 5, 'note', NULL)),
    'created_at', :'written'::timestamptz, 'completed_at', NULL, 'reason', 'insufficient_data'), 'the answer');
SELECT is(:'answer'::jsonb, (SELECT to_jsonb(g) FROM btwin_api.goals('ann') g), 'is a row of goals');
SELECT results_eq($$SELECT user_id, notification_type, title, message, priority, related_entity_type, related_entity_id, created_at FROM insight_notifications$$,
    format($$VALUES ('ann', 'GOAL_CREATED', 'New goal', 'Pages: from 5 to 20 until ' || (now() AT TIME ZONE 'UTC' + interval '72 hours')::date || '.', 'NORMAL', 'goal', %L, %L::timestamptz)$$, :'goal', :'written'), 'it is told');
SELECT is((SELECT updated_at FROM behavioral_goals), :'written'::timestamptz, 'to the millisecond');
SET LOCAL TimeZone = 'Asia/Tokyo';
SELECT is(btwin_api.create_goal('ann', 'CUSTOM', 'Pages', 'of the book', 'pages', 20, 5, now() + interval '72 hours', 'k1')::text, :'answer', 'the same key: the same answer, byte for byte, in whatever zone');
SET LOCAL TimeZone = 'UTC';
SELECT is((SELECT count(*) FROM behavioral_goals) || ' ' || (SELECT count(*) FROM insight_notifications), '1 1', 'and nothing twice');
SELECT is((SELECT string_agg(DISTINCT pg_temp.refusal('SELECT btwin_api.create_goal(' || a || ', idempotency_key => ''k1'')'), ', ') FROM unnest(ARRAY[
    $$'ann', 'RETENTION_IMPROVEMENT', 'Pages', 'of the book', target_value => 20, deadline => now() + interval '72 hours'$$, $$'ann', 'CUSTOM', 'Page', 'of the book', 'pages', 20, 5, now() + interval '72 hours'$$,
    $$'ann', 'CUSTOM', 'Pages', 'of the books', 'pages', 20, 5, now() + interval '72 hours'$$, $$'ann', 'CUSTOM', 'Pages', 'of the book', 'page', 20, 5, now() + interval '72 hours'$$,
    $$'ann', 'CUSTOM', 'Pages', 'of the book', 'pages', 21, 5, now() + interval '72 hours'$$, $$'ann', 'CUSTOM', 'Pages', 'of the book', 'pages', 20, 6, now() + interval '72 hours'$$,
    $$'ann', 'CUSTOM', 'Pages', 'of the book', 'pages', 20, 5, now() + interval '72 hours 1 microsecond'$$, $$'ann', 'CUSTOM', 'Pages', 'of the book', 'pages', 20, 5$$]) a), 'PT409 key_reused idempotency_key', 'the key with any other argument');
-- the call is repeated when its deadline has come near
UPDATE btwin.api_call SET arguments = jsonb_set(arguments, '{deadline}', to_jsonb(extract(epoch FROM now() + interval '1 hour'))) WHERE idempotency_key = 'k1';
SELECT is(btwin_api.create_goal('ann', 'CUSTOM', 'Pages', 'of the book', 'pages', 20, 5, now() + interval '1 hour', 'k1')::text, :'answer', 'an answer is repeated, however late');
SELECT is((SELECT string_agg(message, ' ') FROM insight_notifications WHERE user_id = 'bob'), NULL, 'bob has no goal yet');
SELECT btwin_api.create_goal('bob', 'CUSTOM', deadline => (now() AT TIME ZONE 'UTC')::date + interval '5 days 2 hours') \g /dev/null
SELECT is((SELECT message FROM insight_notifications WHERE user_id = 'bob'), 'A goal of your own: 100: from 0 to 100 until ' || (now() AT TIME ZONE 'UTC')::date + 4 || '.', 'the day of the deadline is the learner''s');
SELECT is((SELECT (g ->> 'title') || (g ->> 'description') || ((g -> 'progress_history' -> 0 ->> 'note') IS NULL) FROM btwin_api.create_goal('ann', 'CUSTOM', 'x', '') g), 'xtrue', 'the shortest texts');
SELECT is((SELECT (g -> 'progress_history' -> 0) - 'date' FROM btwin_api.create_goal('eve', 'CONTENT_DIVERSIFICATION') g), '{"value": 0, "note": "not_measured"}', 'a start that is not measured says so');
SELECT is((SELECT concat_ws(' ', g ->> 'start_value', g ->> 'current_value', g ->> 'reason', g -> 'progress_history' -> 0 ->> 'note') FROM btwin_api.create_goal('off', 'SESSION_DURATION') g), '0 0 analysis_disabled analysis_disabled', 'analysis switched off');
SELECT is((SELECT concat_ws(' ', g ->> 'start_value', g ->> 'current_value', g ->> 'reason', g -> 'progress_history' -> 0 ->> 'note') FROM btwin_api.create_goal('bob', 'SESSION_DURATION') g), '0 no_rows no_rows', 'no session in the week');

-- deadlines: a day to less than 91 days ahead

SELECT is(pg_temp.refusals('create_goal', $$'ann', 'CUSTOM', deadline => date_trunc('milliseconds', now()) + interval '24 hours'$$, $$'ann', 'CUSTOM', deadline => date_trunc('milliseconds', now()) + interval '24 hours' - interval '1 microsecond'$$,
    $$'ann', 'CUSTOM', deadline => now() - interval '1 day'$$, $$'ann', 'CUSTOM', deadline => date_trunc('milliseconds', now()) + interval '2184 hours' - interval '1 microsecond'$$, $$'ann', 'CUSTOM', deadline => date_trunc('milliseconds', now()) + interval '2184 hours'$$,
    $$'ann', 'CUSTOM', deadline => 'infinity'$$, $$'ann', 'CUSTOM', deadline => '-infinity'$$),
    'accepted, PT400 INVALID_DEADLINE deadline, PT400 INVALID_DEADLINE deadline, accepted, PT400 DEADLINE_TOO_FAR deadline, PT400 out_of_range deadline, PT400 out_of_range deadline', 'deadlines');

-- arguments

SELECT is(pg_temp.refusals('create_goal', $$'ann'$$, $$'ann', 'custom'$$, $$'ann', 'CUSTOM', ''$$, $$'ann', 'CUSTOM', repeat('ü', 200)$$, $$'ann', 'CUSTOM', repeat('a', 201)$$, $$'ann', 'CUSTOM', description => repeat('a', 2000)$$, $$'ann', 'CUSTOM', description => repeat('a', 2001)$$,
    $$'ann', 'CUSTOM', target_metric => ''$$, $$'ann', 'CUSTOM', target_metric => 'a'$$, $$'ann', 'CUSTOM', target_metric => repeat('a', 100)$$, $$'ann', 'CUSTOM', target_metric => repeat('a', 101)$$),
    'PT400 missing_argument goal_type, PT400 not_allowed_value goal_type, PT400 out_of_range title, accepted, PT400 out_of_range title, accepted, PT400 out_of_range description, PT400 out_of_range target_metric, accepted, accepted, PT400 out_of_range target_metric', 'texts');
SELECT is(pg_temp.refusals('create_goal', $$'ann', 'SESSION_DURATION', target_metric => 'avgSessionDuration'$$, $$'ann', 'SESSION_DURATION', start_value => 5$$, $$'ann', 'CUSTOM', idempotency_key => ''$$, $$'ann', 'CUSTOM', idempotency_key => repeat('k', 201)$$),
    'PT400 not_allowed_value target_metric, PT400 not_allowed_value start_value, PT400 out_of_range idempotency_key, PT400 out_of_range idempotency_key', 'what belongs to CUSTOM goals, and keys');
SELECT is(pg_temp.refusals('create_goal', VARIADIC ARRAY(SELECT format('''ann'', %L, target_value => %L', k, v) FROM (VALUES (1, k, low - 0.001), (2, k, low), (3, k, high), (4, k, high + 0.001)) t (n, k, v) ORDER BY n)),
    'PT400 out_of_range target_value, accepted, accepted, PT400 out_of_range target_value', 'targets of ' || k)
FROM (VALUES (1, 'STUDY_TIME_CONSISTENCY', 0.0, 1000.0), (2, 'SESSION_DURATION', 0, 1440), (3, 'CONTENT_DIVERSIFICATION', 0, 1), (4, 'RETENTION_IMPROVEMENT', 0, 36500), (5, 'CUSTOM', -1e12, 1e12)) v (place, k, low, high) ORDER BY place;
SELECT is(pg_temp.refusals('create_goal', $$'ann', 'CUSTOM', target_value => 'NaN'$$, $$'ann', 'CUSTOM', target_value => 'infinity'$$, $$'ann', 'CUSTOM', start_value => 'NaN'$$, $$'ann', 'CUSTOM', start_value => '-infinity'$$, $$'ann', 'CUSTOM', start_value => -1e12$$, $$'ann', 'CUSTOM', start_value => 1.001e12$$),
    'PT400 out_of_range target_value, PT400 out_of_range target_value, PT400 out_of_range start_value, PT400 out_of_range start_value, accepted, PT400 out_of_range start_value', 'numbers');
SELECT is(pg_temp.refusals('create_goal', $$'nobody', 'CUSTOM'$$, $$NULL, 'CUSTOM'$$), 'PT404 unknown_learner user_id, PT400 user_required user_id', 'learners');
SELECT is(pg_temp.refusal($$SELECT btwin_api.create_goal('ann', 'CUSTOM')$$, 'on'), '25006', 'refused where nothing can be written');

-- progress

DELETE FROM behavioral_goals;
DELETE FROM insight_notifications;
SELECT btwin_api.create_goal('ann', 'CUSTOM', 'Pages') ->> 'id' AS own \gset
SELECT btwin_api.create_goal('ann', 'SESSION_DURATION', 'Minutes', target_value => 50) ->> 'id' AS measured \gset
SELECT btwin_api.create_goal('bob', 'CUSTOM') ->> 'id' AS others \gset
SELECT btwin_api.create_goal('off', 'SESSION_DURATION') ->> 'id' AS off \gset
SELECT btwin_api.create_goal('off', 'CUSTOM') ->> 'id' AS off_own \gset
SELECT btwin_api.update_goal_progress('ann', :'own', 50, 'half', 'u1') AS answer \gset
SELECT is(:'answer'::jsonb -> 'milestones', '[25, 50]', 'milestones');
SELECT is(:'answer'::jsonb -> 'completed_now', 'false', 'not completed');
SELECT is(:'answer'::jsonb -> 'achievement', 'null', 'nothing earned');
SELECT is(:'answer'::jsonb - '{milestones,completed_now,achievement}'::text[], (SELECT to_jsonb(g) FROM btwin_api.goals('ann', goal_id => :'own') g), 'the rest is a row of goals');
SELECT is((SELECT string_agg((p ->> 'value') || coalesce(p ->> 'note', '-'), ' ') FROM btwin_api.goals('ann', goal_id => :'own') g, jsonb_array_elements(g.progress_history) p), '0- 50half', 'with the note');
SELECT is((SELECT string_agg(notification_type || created_at, ' ' ORDER BY notification_type) FROM insight_notifications WHERE related_entity_id = :'own' AND notification_type <> 'GOAL_CREATED'),
    'GOAL_PROGRESS_25' || :'written'::timestamptz || ' GOAL_PROGRESS_50' || :'written'::timestamptz, 'they are told');
SELECT is(btwin_api.update_goal_progress('ann', :'own', 50, 'half', 'u1')::text, :'answer', 'the same key: the same answer, byte for byte');
SELECT is((SELECT string_agg(pg_temp.refusal(format('SELECT btwin_api.update_goal_progress(''ann'', %L, %s, idempotency_key => ''u1'')', g, a)), ', ') FROM (VALUES (:'own', '51, ''half'''), (:'own', '50, ''halv'''), (:'measured', '50, ''half''')) v (g, a)),
    'PT409 key_reused idempotency_key, PT409 key_reused idempotency_key, PT409 key_reused idempotency_key', 'the key with another argument');
SELECT string_agg(id || ctid, ' ' ORDER BY id) AS places FROM behavioral_goals \gset
SELECT is(btwin_api.update_goal_progress('ann', :'own', 50) -> 'milestones', '[]', 'where nothing moves');
SELECT is(btwin_api.update_goal_progress('ann', :'own', 50, 'half') - '{milestones,completed_now,achievement}'::text[], (SELECT to_jsonb(g) FROM btwin_api.goals('ann', goal_id => :'own') g), 'with the same note');
SELECT is(btwin_api.update_goal_progress('ann', :'measured') -> 'completed_now', 'false', 'of what is measured');
SELECT is(btwin_api.update_goal_progress('off', :'off') -> 'reason', '"analysis_disabled"', 'or is not');
SELECT is((SELECT string_agg(id || ctid, ' ' ORDER BY id) FROM behavioral_goals), :'places', 'nothing is written');
-- a session more: (20 + 40 + 60)/3 = 40, half of the way from 30 to 50
INSERT INTO study_sessions (id, user_id, started_at, completed_at, duration_ms) VALUES ('s3', 'ann', now() - interval '3 hours', now(), 3600000);
SELECT is((SELECT concat_ws(' ', g ->> 'current_value', g ->> 'progress', g -> 'milestones', g #>> '{progress_history,1,note}') FROM btwin_api.update_goal_progress('ann', :'measured', note => 'longer') g), '40 0.5 [25, 50] longer', 'measured now');
SELECT is((SELECT concat_ws(' ', g ->> 'status', g -> 'milestones', g -> 'completed_now', g -> 'achievement', (g ->> 'completed_at')::timestamptz = :'written', g ->> 'projected_at') FROM btwin_api.update_goal_progress('ann', :'own', 100) g),
    'COMPLETED [75, 100] true {"name": "Goals reached: your own", "tier": "BRONZE"} t', 'reached');
SELECT is((SELECT concat_ws(' ', g ->> 'status', g -> 'milestones', g ->> 'current_value') FROM btwin_api.update_goal_progress('off', :'off_own', 30) g), 'ACTIVE [25] 30', 'analysis switched off: what the learner tells');
-- a clock that is ahead
UPDATE behavioral_goals SET created_at = now() + interval '1 minute', progress_history = '[]' WHERE id = :'others';
SELECT is((SELECT concat_ws(' ', g ->> 'id' = :'others', g ->> 'current_value') FROM btwin_api.update_goal_progress('bob', :'others', 30) g), 't 30', 'a goal of the next minute');

SELECT is(pg_temp.refusals('update_goal_progress', $$'ann'$$, format('''ann'', %L', :'others'), $$'ann', 'x'$$, format('''ann'', %L, 1', :'measured'), format('''ann'', %L, 1', :'own'), format('''ann'', %L', :'own'), format('''bob'', %L', :'others'),
    format('''bob'', %L, 1e12', :'others'), format('''bob'', %L, 1.001e12', :'others'), format('''bob'', %L, -1e12', :'others'), format('''bob'', %L, -1.001e12', :'others'), format('''bob'', %L, ''NaN''', :'others'), format('''bob'', %L, 1, ''''', :'others')),
    'PT400 missing_argument goal_id, PT404 unknown_id, PT404 unknown_id, PT400 not_allowed_value current_value, PT409 not_active, PT400 missing_argument current_value, PT400 missing_argument current_value, '
    'accepted, PT400 out_of_range current_value, PT409 not_active, PT400 out_of_range current_value, PT400 out_of_range current_value, PT400 out_of_range note', 'refusals');
UPDATE behavioral_goals SET status = 'ACTIVE', progress_history = '[]' WHERE id = :'others';
SELECT is(pg_temp.refusals('update_goal_progress', format('''bob'', %L, 2, ''n''', :'others'), format('''bob'', %L, 2, repeat(''n'', 500)', :'others'), format('''bob'', %L, 2, repeat(''n'', 501)', :'others'), format('''bob'', %L, -1e12', :'others'), format('''bob'', %L, 2, idempotency_key => ''''', :'others'), $$'nobody', 'x'$$, $$NULL, 'x'$$),
    'accepted, accepted, PT400 out_of_range note, accepted, PT400 out_of_range idempotency_key, PT404 unknown_learner user_id, PT400 user_required user_id', 'notes, keys, learners');
SELECT is(pg_temp.refusal(format('SELECT btwin_api.update_goal_progress(''ann'', %L)', :'measured'), 'on'), '25006', 'refused where nothing can be written, also where nothing would be');
UPDATE behavioral_goals SET status = 'PAUSED' WHERE id = :'measured';
SELECT is(pg_temp.refusal(format('SELECT btwin_api.update_goal_progress(''ann'', %L)', :'measured')), 'PT409 not_active', 'a paused goal');

-- as a learner, under policies, with an empty path

UPDATE behavioral_goals SET status = 'ACTIVE' WHERE id = :'measured';
GRANT EXECUTE ON FUNCTION pg_temp.refusal(text, text) TO regress_web;
SET LOCAL search_path = '';
SET LOCAL ROLE regress_web;
SET LOCAL btwin.user_id = 'ann';
SELECT btwin_api.create_goal(goal_type => 'CUSTOM', target_value => 10, idempotency_key => 'w1') ->> 'id' AS mine \gset
SELECT btwin_api.update_goal_progress(goal_id => :'mine', current_value => 10) ->> 'status' AS said_0, pg_temp.refusal(pg_catalog.format('SELECT btwin_api.update_goal_progress(goal_id => %L, current_value => 5)', :'others')) AS said_1,
       pg_temp.refusal('SELECT btwin_api.update_goal_progress(goal_id => ''x'', current_value => 5)') AS said_2, pg_temp.refusal('SELECT btwin_api.create_goal(''bob'', ''CUSTOM'')') AS said_3,
       btwin._analyze_goals('bob', pg_catalog.now()) AS said_5 \gset
SET LOCAL btwin.user_id = 'nobody';
SELECT pg_temp.refusal('SELECT btwin_api.create_goal(goal_type => ''CUSTOM'')') AS said_4 \gset
RESET ROLE;
RESET search_path;
SELECT is(:'said_0'::text, 'COMPLETED', 'a learner sets a goal and reaches it');
SELECT is(:'said_1'::text, 'PT403 forbidden', 'not what is another''s');
SELECT is(:'said_2'::text, 'PT403 forbidden', 'nor what is nobody''s');
SELECT is(:'said_3'::text, 'PT403 forbidden', 'nor for another');
SELECT is(:'said_4'::text, 'PT403 forbidden', 'a learner who is not among the users');
SELECT is(:'said_5'::jsonb, '{"updated": 0, "completed": 0, "milestones": 0, "achievements": 0}', 'another''s goals are not there');
SELECT * FROM finish();
ROLLBACK;
