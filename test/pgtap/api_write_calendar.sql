-- calendar_sync: blocks of the calendar, and what is in their way. The call has no
-- as_of: everything is relative to now(), which is one in a transaction.
\set QUIET on
SET client_min_messages = warning;
SET DateStyle = 'ISO, YMD';
SET timezone = 'Asia/Tokyo';    -- it must not matter
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS btwin;
BEGIN;
SELECT plan(80);

\ir api_helpers.psql
SELECT is(pg_temp.refusal($$SELECT btwin_api.calendar_sync('ann', '[]')$$), 'PT400 not_attached', 'before attach');
CREATE TEMP TABLE attached AS SELECT * FROM btwin.attach('public');
INSERT INTO users (id) VALUES ('ann'), ('bob'), ('none'), ('switched'), ('full'), ('best');
INSERT INTO users (id, behavioral_analysis_enabled) VALUES ('off', false);
INSERT INTO calendar_integrations (user_id, calendar_provider, access_token, sync_enabled) SELECT id, 'GOOGLE', 'x', id <> 'switched' FROM users WHERE id <> 'none';
-- minutes from now, as documents have moments
CREATE FUNCTION pg_temp.at(minutes float8) RETURNS text LANGUAGE sql AS $$SELECT to_char((now() + minutes * interval '1 minute') AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')$$;
CREATE FUNCTION pg_temp.block(id text, from_ float8, to_ float8, more jsonb DEFAULT '{}') RETURNS jsonb LANGUAGE sql AS $$
SELECT jsonb_build_object('event_id', id, 'start_at', pg_temp.at(from_), 'end_at', pg_temp.at(to_)) || more
$$;
CREATE FUNCTION pg_temp.stored(learner text) RETURNS text LANGUAGE sql AS $$
SELECT string_agg(concat_ws(' ', event_id, extract(epoch FROM start_at - now()) / 60, extract(epoch FROM end_at - now()) / 60, summary), ', ' ORDER BY start_at, event_id) FROM btwin.calendar_busy WHERE user_id = learner
$$;
INSERT INTO btwin.calendar_busy (user_id, event_id, start_at, end_at) SELECT 'bob', 'e1', now(), now() + interval '1 hour';

-- blocks of a day
CREATE TEMP TABLE first AS SELECT btwin_api.calendar_sync('ann', jsonb_build_array(
    pg_temp.block('past', -60, 0), pg_temp.block('running', -60, 0.001), pg_temp.block('e1', 60, 120, '{"summary": "dentist"}'), pg_temp.block('off', 60, 120, '{"cancelled": true}'),
    pg_temp.block('on', 130, 140, '{"cancelled": false, "summary": null}'), pg_temp.block('last', 1439.999, 1500), pg_temp.block('later', 1440, 1500)), 1) AS d;
SELECT is(d - '{window_start,window_end,last_sync_at,next_sync_at}'::text[], '{"synced_events": 4, "removed_events": 0, "conflicts": []}', 'four overlap the day') FROM first;
SELECT is(ARRAY[d ->> 'window_start', d ->> 'window_end', d ->> 'last_sync_at', d ->> 'next_sync_at']::timestamptz[], ARRAY[now(), now() + interval '24 hours', now(), now() + interval '1 hour'], 'its times') FROM first;
SELECT is(pg_temp.stored('ann'), 'running -60.0000000000000000 0.00100000000000000000, e1 60.0000000000000000 120.0000000000000000 dentist, on 130.0000000000000000 140.0000000000000000, last 1439.9990000000000000 1500.0000000000000000', 'stored');
SELECT is((SELECT last_sync_at FROM calendar_integrations WHERE user_id = 'ann'), now(), 'and when');
SELECT is((SELECT count(*) FROM calendar_integrations WHERE last_sync_at IS NOT NULL), 1::bigint, 'of nobody else');
SELECT is(btwin_api.calendar_status('ann') - 'message' - 'provider', jsonb_build_object('connected', true, 'sync_enabled', true, 'last_sync_at', now(), 'next_sync_at', now() + interval '1 hour', 'busy_blocks_count', 4), 'which the read shows');
-- again: the same, and no row is written
CREATE TEMP TABLE lay AS SELECT event_id, ctid AS at FROM btwin.calendar_busy WHERE user_id = 'ann';
SELECT is(btwin_api.calendar_sync('ann', jsonb_build_array(pg_temp.block('running', -60, 0.001), pg_temp.block('e1', 60, 120, '{"summary": "dentist"}'), pg_temp.block('on', 130, 140), pg_temp.block('last', 1439.999, 1500)), 1), d, 'again') FROM first;
SELECT results_eq('SELECT event_id, ctid FROM btwin.calendar_busy WHERE user_id = ''ann'' ORDER BY 1', 'SELECT * FROM lay ORDER BY 1', 'and nothing is written');
-- one moved, one renamed, one cancelled, one gone, one new; what stands outside of the window stays
INSERT INTO btwin.calendar_busy (user_id, event_id, start_at, end_at) VALUES ('ann', 'far', now() + interval '24 hours', now() + interval '25 hours'), ('ann', 'before', now() - interval '2 hours', now());
SELECT is(d - '{window_start,window_end,last_sync_at,next_sync_at}'::text[], '{"synced_events": 3, "removed_events": 2, "conflicts": []}', 'another time')
FROM btwin_api.calendar_sync('ann', jsonb_build_array(pg_temp.block('e1', 61, 120, '{"summary": "doctor"}'), pg_temp.block('on', 130, 140, '{"cancelled": true}'), pg_temp.block('last', 1400, 1439), pg_temp.block('new', 1, 2)), 1) d;
SELECT is(regexp_replace(pg_temp.stored('ann'), '\.0+\M', '', 'g'), 'before -120 0, new 1 2, e1 61 120 doctor, last 1400 1439, far 1440 1500', 'as it is then');
SELECT is(d ->> 'removed_events', '1', 'moved out of the window') FROM btwin_api.calendar_sync('ann', jsonb_build_array(pg_temp.block('e1', 61, 120), pg_temp.block('new', 1, 2), pg_temp.block('last', 1440, 1450)), 1) d;
SELECT is(d ->> 'removed_events', '0', 'moved into it') FROM btwin_api.calendar_sync('ann', jsonb_build_array(pg_temp.block('e1', 61, 120), pg_temp.block('new', 1, 2), pg_temp.block('far', 300, 310)), 1) d;
SELECT is(regexp_replace(pg_temp.stored('ann'), '\.0+\M', '', 'g'), 'before -120 0, new 1 2, e1 61 120, far 300 310', 'is one block, with its new time');
SELECT is(d ->> 'removed_events', '3', 'none any more') FROM btwin_api.calendar_sync('ann', '[]') d;
SELECT is((SELECT count(*) FROM btwin.calendar_busy WHERE user_id = 'bob'), 1::bigint, 'those of others stay');
SELECT is(d ->> 'synced_events' || ' ' || ((d ->> 'window_end')::timestamptz = now() + interval '168 hours'), '1 true', 'a week without saying so') FROM btwin_api.calendar_sync('ann', jsonb_build_array(pg_temp.block('e1', 10079, 10090), pg_temp.block('e2', 10080, 10090))) d;
SELECT is(btwin_api.calendar_sync('off', '[]') ->> 'synced_events', '0', 'also where analysis is off');

-- Conflicts. Days are relative: noon to 13:00 UTC of the day after tomorrow, in the learner's zone UTC
CREATE TEMP TABLE day AS SELECT date_trunc('day', now(), 'UTC') + interval '48 hours' AS start;
CREATE FUNCTION pg_temp.hour(hour float8) RETURNS text LANGUAGE sql AS $$SELECT to_char((start + hour * interval '1 hour') AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') FROM day$$;
CREATE FUNCTION pg_temp.busy(id text, from_ float8, to_ float8, more jsonb DEFAULT '{}') RETURNS jsonb LANGUAGE sql AS $$
SELECT jsonb_build_object('event_id', id, 'start_at', pg_temp.hour(from_), 'end_at', pg_temp.hour(to_)) || more
$$;
CREATE FUNCTION pg_temp.conflicts(learner text, VARIADIC busy jsonb[]) RETURNS text LANGUAGE sql AS $$
SELECT coalesce(string_agg(concat_ws(' ', coalesce(c ->> 'recommendation_id', 'plan ' || (c ->> 'plan_id')), c ->> 'calendar_event_id', replace(c ->> 'conflict_type', '_OVERLAP', ''),
                                     coalesce(round((extract(epoch FROM (c ->> 'recommended_time_start')::timestamptz - start) / 3600), 2)::text, '-')), ', ' ORDER BY place), 'none')
FROM day, jsonb_array_elements(btwin_api.calendar_sync(learner, to_jsonb(busy)) -> 'conflicts') WITH ORDINALITY AS e (c, place)
$$;
INSERT INTO study_schedule_recommendations (id, user_id, recommended_schedule, reasoning, applied_at) VALUES
    ('r12', 'off', jsonb_build_object('startTime', pg_temp.hour(12), 'duration', 60), 'x', NULL), ('taken', 'off', jsonb_build_object('startTime', pg_temp.hour(12), 'duration', 60), 'x', now()),
    ('odd1', 'off', '{"startTime": "noon", "duration": 60}', 'x', NULL), ('odd2', 'off', jsonb_build_object('startTime', pg_temp.hour(12)), 'x', NULL), ('odd3', 'off', jsonb_build_object('startTime', pg_temp.hour(12), 'duration', 0), 'x', NULL),
    ('odd4', 'off', '[]', 'x', NULL), ('old', 'off', jsonb_build_object('startTime', pg_temp.at(-61), 'duration', 60), 'x', NULL);
SELECT is(pg_temp.conflicts('off', pg_temp.busy('a', 11, 12), pg_temp.busy('b', 13, 14), pg_temp.block('c', -70, 1)), 'none', 'blocks that end or begin there, and what is over');
-- 12:00 to 13:00 wanted; free again from 13:15, before it until 11:00 at the latest: 13:15 is 75 minutes away, 11:00 is 60
SELECT is(pg_temp.conflicts('off', pg_temp.busy('a', 12, 13)), 'r12 a FULL 11.00', 'covers it');
SELECT is(pg_temp.conflicts('off', pg_temp.busy('a', 11.9, 13.1)), 'r12 a FULL 10.75', 'covers it and more');
SELECT is(pg_temp.conflicts('off', pg_temp.busy('a', 12.001, 13)), 'r12 a PARTIAL 11.00', 'all but its first seconds');
SELECT is(pg_temp.conflicts('off', pg_temp.busy('a', 12, 12.999)), 'r12 a PARTIAL 11.00', 'all but its last; before and after are as near: the earlier');
SELECT is(pg_temp.conflicts('off', pg_temp.busy('a', 12, 12.1)), 'r12 a PARTIAL 12.25', 'six minutes: a quarter of an hour later');
SELECT is(pg_temp.conflicts('off', pg_temp.busy('a', 12.5, 14), pg_temp.busy('b', 11.5, 12.1)), 'r12 b PARTIAL 10.50, r12 a PARTIAL 10.50', 'two blocks: the better time is free of both');
SELECT is(pg_temp.conflicts('off', pg_temp.busy('a', 6, 14)), 'r12 a FULL 14.00', 'after it');
SELECT is(pg_temp.conflicts('off', pg_temp.busy('a', 7, 22)), 'r12 a FULL 6.00', 'from six, also where it is as near later');
SELECT is(pg_temp.conflicts('off', pg_temp.busy('a', 6.1, 22)), 'r12 a FULL 22.00', 'until 23:00');
SELECT is(pg_temp.conflicts('off', pg_temp.busy('a', 6.1, 22.1)), 'r12 a FULL -', 'and if there is none, none');
SELECT is((SELECT c - 'recommended_time_start' FROM jsonb_array_elements(btwin_api.calendar_sync('off', jsonb_build_array(pg_temp.busy('a', 12, 13, '{"summary": "dentist"}'))) -> 'conflicts') c),
          (SELECT jsonb_build_object('calendar_event_id', 'a', 'event_summary', 'dentist', 'event_start', start + interval '12 hours', 'event_end', start + interval '13 hours', 'conflict_type', 'FULL_OVERLAP', 'recommendation_id', 'r12', 'plan_id', NULL) FROM day),
          'a conflict');
-- plans: those without applied_at; another plan is in the way of a better time, another recommendation is not, nor is one of the learner's own
INSERT INTO session_orchestration_plans (id, user_id, plan_data, applied_at) VALUES
    ('p10', 'off', jsonb_build_object('plannedStartTime', pg_temp.hour(10.75), 'duration_minutes', 60), NULL), ('p-taken', 'off', jsonb_build_object('plannedStartTime', pg_temp.hour(12), 'duration_minutes', 60), now()),
    ('p20', 'off', jsonb_build_object('plannedStartTime', pg_temp.hour(20), 'duration', 30), NULL), ('p-odd', 'off', '{}', NULL);
SELECT is(pg_temp.conflicts('off', pg_temp.busy('a', 12, 13)), 'r12 a FULL 13.00', 'a plan at 10:45 is in the way');
SELECT is(pg_temp.conflicts('off', pg_temp.busy('a', 20.25, 20.5), pg_temp.busy('b', 11, 11.25)), 'plan p10 b PARTIAL 11.25, plan p20 a PARTIAL 19.75', 'plans, in the order of their time');
DELETE FROM session_orchestration_plans;
-- local days: the quarter hours are those of the learner's clock, six in the morning in Berlin is five or four in UTC
INSERT INTO btwin.learner (user_id, time_zone) VALUES ('off', 'Asia/Kolkata');
SELECT is(pg_temp.conflicts('off', pg_temp.busy('a', 1, 17.4)), 'r12 a FULL -', '23:00 in India is 17:30');
SELECT is(pg_temp.conflicts('off', pg_temp.busy('a', 1.5, 17.4)), 'r12 a FULL 0.50', 'and six in the morning 0:30');
-- the window: a better time lies in it, and not before now; what is too far is no conflict
SELECT is(jsonb_array_length(btwin_api.calendar_sync('off', jsonb_build_array(pg_temp.busy('a', 12, 13)), 1) -> 'conflicts'), 0, 'the day after tomorrow is not within a day');
DELETE FROM btwin.learner WHERE user_id = 'off';
UPDATE study_schedule_recommendations SET recommended_schedule = jsonb_build_object('startTime', pg_temp.at(-30), 'duration', 60) WHERE id = 'r12';
SELECT is((SELECT bool_and(coalesce((c ->> 'recommended_time_start')::timestamptz >= now() + interval '10 minutes', true)) AND count(*) = 1
           FROM jsonb_array_elements(btwin_api.calendar_sync('off', jsonb_build_array(pg_temp.block('a', -10, 10))) -> 'conflicts') c), true, 'what has begun is in the way, but a better time lies ahead');

-- the bounds by themselves: from 12:20, until 12:45; a time of the list counts only where it is free and within them
SELECT is((SELECT string_agg(to_char(btwin._free_start(60, '2026-03-16 12:00+00', from_at, to_at, taken, 'UTC', slots) AT TIME ZONE 'UTC', 'HH24:MI'), ' ' ORDER BY n) FROM (VALUES
    (1, '2026-03-16 12:20+00'::timestamptz, '2026-03-18 00:00+00'::timestamptz, '{}'::tstzmultirange, '{}'::timestamptz[]), (2, '2026-03-16 00:00+00', '2026-03-16 12:45+00', '{}', NULL),
    (3, '2026-03-16 00:00+00', '2026-03-16 12:45+00', '{}', '{2026-03-16 11:50+00,2026-03-16 09:10+00,2026-03-16 09:20+00}'), (4, '2026-03-16 09:15+00', '2026-03-16 12:45+00', '{}', '{2026-03-16 09:10+00,2026-03-16 09:20+00}'),
    (5, '2026-03-16 12:15+00', '2026-03-16 13:15+00', '{[2026-03-16 13:15+00,2026-03-16 13:20+00)}', NULL)) v (n, from_at, to_at, taken, slots)), '12:30 11:45 09:10 09:20 12:15', 'a free start');

-- with analysis on: the best times by orchestration_recommendations; nothing known: 7:00 and 18:00
INSERT INTO study_schedule_recommendations (id, user_id, recommended_schedule, reasoning) VALUES ('r', 'full', jsonb_build_object('startTime', pg_temp.hour(12), 'duration', 60), 'x');
SELECT is(pg_temp.conflicts('full', pg_temp.busy('a', 12, 13)), 'r a FULL 7.00', 'at seven');
SELECT is(pg_temp.conflicts('full', pg_temp.busy('a', 12, 13), pg_temp.busy('b', 7.5, 8)), 'r a FULL 18.00', 'else at six');
SELECT is(pg_temp.conflicts('full', pg_temp.busy('a', 12, 13), pg_temp.busy('b', 7.5, 8), pg_temp.busy('c', 17, 18.1)), 'r a FULL 11.00', 'else nearby');
UPDATE study_schedule_recommendations SET recommended_schedule = recommended_schedule || '{"duration": 180}' WHERE id = 'r';
SELECT is(pg_temp.conflicts('full', pg_temp.busy('a', 12, 13), pg_temp.busy('b', 9.5, 10)), 'r a PARTIAL 18.00', 'three hours are not free from seven');
SELECT results_eq($$SELECT pg_temp.conflicts('full', pg_temp.busy('a', 12, 13)), count(*) FROM study_schedule_recommendations WHERE user_id = 'full'$$, $$VALUES ('r a PARTIAL 7.00', 1::bigint)$$, 'nothing is recommended by it');

-- what was made up to 9528 hours ago: 366 days ahead and 30 days of blocks, and a day of length
INSERT INTO study_schedule_recommendations (id, user_id, recommended_schedule, reasoning, created_at) VALUES
    ('r-far', 'best', jsonb_build_object('startTime', pg_temp.hour(12), 'duration', 60), 'x', now() - interval '9528 hours'), ('r-past', 'best', jsonb_build_object('startTime', pg_temp.hour(13), 'duration', 60), 'x', now() - interval '9528 hours 1 second');
INSERT INTO session_orchestration_plans (id, user_id, plan_data, created_at) VALUES
    ('p-far', 'best', jsonb_build_object('plannedStartTime', pg_temp.hour(14), 'duration_minutes', 60), now() - interval '9528 hours'), ('p-past', 'best', jsonb_build_object('plannedStartTime', pg_temp.hour(15), 'duration_minutes', 60), now() - interval '9528 hours 1 second');
SELECT is(pg_temp.conflicts('best', pg_temp.busy('a', 12, 16)), 'r-far a FULL 7.00, plan p-far a FULL 7.00', '397 days');
DELETE FROM study_schedule_recommendations WHERE user_id = 'best';
DELETE FROM session_orchestration_plans WHERE user_id = 'best';
-- a day and no more. Eighteen to eighteen is free of the block, but not of the plan
INSERT INTO study_schedule_recommendations (id, user_id, recommended_schedule, reasoning) VALUES
    ('r-day', 'best', jsonb_build_object('startTime', pg_temp.hour(0), 'duration', 1440), 'x'), ('r-more', 'best', jsonb_build_object('startTime', pg_temp.hour(0), 'duration', 1441), 'x');
INSERT INTO session_orchestration_plans (id, user_id, plan_data) VALUES
    ('p-day', 'best', jsonb_build_object('plannedStartTime', pg_temp.hour(0), 'duration_minutes', 1440)), ('p-more', 'best', jsonb_build_object('plannedStartTime', pg_temp.hour(0), 'duration_minutes', 1441));
SELECT is(pg_temp.conflicts('best', pg_temp.busy('a', 12, 13)), 'r-day a PARTIAL -, plan p-day a PARTIAL 18.00', 'lengths of a day');

-- what is refused
SELECT is(pg_temp.refusal('SELECT btwin_api.calendar_sync(''ann'', ' || given || ')'), answer, given) FROM (VALUES
    ('NULL', 'PT400 missing_argument busy'), ('''{}''', 'PT400 bad_document busy'), ('''[]'', 0', 'PT400 out_of_range days_ahead'), ('''[]'', 31', 'PT400 out_of_range days_ahead'),
    ('''[]'', 1', 'accepted'), ('''[]'', 30', 'accepted'), ('''[]'', NULL', 'PT400 missing_argument days_ahead'), ('''[1]''', 'PT400 bad_document busy'), ('''null''', 'PT400 bad_document busy')) v (given, answer);
CREATE FUNCTION pg_temp.given(document jsonb) RETURNS text LANGUAGE sql AS $$SELECT pg_temp.refusal(format('SELECT btwin_api.calendar_sync(''ann'', %L)', jsonb_build_array(document)))$$;
SELECT is(pg_temp.given(pg_temp.block('x', 1, 2, more) - gone), answer, coalesce(more::text, '') || coalesce(gone, '')) FROM (VALUES
    ('{}'::jsonb, '', 'accepted'), ('{"title": "x"}', '', 'PT400 bad_document busy'), ('{}', 'event_id', 'PT400 bad_document busy'), ('{"event_id": 7}', '', 'PT400 bad_document busy'), ('{"event_id": ""}', '', 'PT400 bad_document busy'),
    (jsonb_build_object('event_id', repeat('x', 201)), '', 'PT400 bad_document busy'), (jsonb_build_object('event_id', repeat('x', 200)), '', 'accepted'), ('{}', 'start_at', 'PT400 bad_document busy'), ('{}', 'end_at', 'PT400 bad_document busy'),
    ('{"start_at": "infinity"}', '', 'PT400 bad_document busy'), ('{"start_at": 1}', '', 'PT400 bad_document busy'), ('{"end_at": "tomorrow"}', '', 'PT400 bad_document busy'), ('{"end_at": null}', '', 'PT400 bad_document busy'),
    ('{"summary": 1}', '', 'PT400 bad_document busy'), (jsonb_build_object('summary', repeat('x', 501)), '', 'PT400 bad_document busy'), (jsonb_build_object('summary', repeat('x', 500)), '', 'accepted'),
    ('{"cancelled": "no"}', '', 'PT400 bad_document busy'), ('{"cancelled": null}', '', 'accepted')) v (more, gone, answer);
SELECT is(pg_temp.given(pg_temp.block('x', 2, 2)), 'PT400 bad_document busy', 'no time at all');
SELECT is(pg_temp.refusal(format('SELECT btwin_api.calendar_sync(''ann'', %L)', jsonb_build_array(pg_temp.block('x', 1, 2), pg_temp.block('x', 3, 4)))), 'PT400 bad_document busy', 'a name twice');
SELECT is((SELECT pg_temp.refusal(format('SELECT btwin_api.calendar_sync(''ann'', %L)', jsonb_agg(pg_temp.block('x' || g, g, g + 1)))) FROM generate_series(1, n) g), answer, n::text) FROM (VALUES (2000, 'accepted'), (2001, 'PT400 bad_document busy')) v (n, answer);
SELECT is(pg_temp.refusal('SELECT btwin_api.calendar_sync(''' || learner || ''', ''[]'')'), answer, learner) FROM (VALUES ('none', 'PT409 not_connected'), ('switched', 'PT409 not_connected'), ('nobody', 'PT404 unknown_learner user_id')) v (learner, answer);
SELECT is(pg_temp.refusal($$SELECT btwin_api.calendar_sync('none', '[]')$$, 'on'), '25006', 'read only, before anything is looked at');
SELECT is(pg_temp.bare($$SELECT btwin_api.calendar_sync('bob', '[]')$$) ->> 'removed_events', '1', 'whatever the search path');

SELECT * FROM finish();
ROLLBACK;
