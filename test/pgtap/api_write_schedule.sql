-- orchestration_recommendations: times of a day at which to study (2.32).
-- The learner's clock is Berlin, an hour ahead of UTC; 2026-03-16 is a Monday.
\set QUIET on
SET client_min_messages = warning;
SET DateStyle = 'ISO, YMD';
SET timezone = 'Asia/Tokyo';    -- it must not matter
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS btwin;
BEGIN;
SELECT plan(87);
\set m '''2026-03-16 04:00+00''::timestamptz'

\ir api_helpers.psql
SELECT is(pg_temp.refusal($$SELECT btwin_api.orchestration_recommendations('ann')$$), 'PT400 not_attached', 'before attach');
CREATE TEMP TABLE attached AS SELECT * FROM btwin.attach('public');
INSERT INTO users (id) VALUES ('ann'), ('bob'), ('new'), ('two'), ('four'), ('habit'), ('pref'), ('owl'), ('top');
INSERT INTO users (id, behavioral_analysis_enabled) VALUES ('off', false);
INSERT INTO btwin.learner (user_id, time_zone) SELECT id, 'Europe/Berlin' FROM users;
-- a recommendation in a line: local start, minutes, score, confidence, conflict
CREATE FUNCTION pg_temp.lines(d jsonb) RETURNS text LANGUAGE sql AS $$
SELECT coalesce(string_agg(concat_ws(' ', to_char((r ->> 'start_time')::timestamptz AT TIME ZONE 'Europe/Berlin', 'MM-DD HH24:MI'), r ->> 'duration_minutes', round((r ->> 'score')::numeric, 2), round((r ->> 'confidence')::numeric, 2),
                                     left(r ->> 'calendar_conflict', 1)), ', ' ORDER BY place), 'none')
FROM jsonb_array_elements(d -> 'recommendations') WITH ORDINALITY AS e (r, place)
$$;
CREATE FUNCTION pg_temp.ask(learner text, method text DEFAULT 'epic5', for_date date DEFAULT NULL, busy jsonb DEFAULT NULL, max_rows int DEFAULT 5, as_of timestamptz DEFAULT '2026-03-16 04:00+00') RETURNS text LANGUAGE sql AS $$
SELECT pg_temp.lines(btwin_api.orchestration_recommendations(learner, for_date, busy, max_rows, method, as_of))
$$;

-- nothing known: 7 to 9 (75) and 18 to 20 (70), 120 minutes, confidence 0.4
CREATE TEMP TABLE nothing AS SELECT btwin_api.orchestration_recommendations('new', as_of => :m) AS d;
SELECT is(pg_temp.lines(d), '03-16 07:00 120 75.00 0.40 f, 03-16 18:00 120 70.00 0.40 f', 'two usual times') FROM nothing;
SELECT is(d - 'recommendations' - 'cognitive_load', '{"reason": "default_used", "method": "btwin", "version": "schedule-1", "for_date": "2026-03-16", "generated_at": "2026-03-16T13:00:00+09:00"}', 'and it says so') FROM nothing;
SELECT is((d #> '{recommendations,0}') - 'id', '{"start_time": "2026-03-16T15:00:00+09:00", "end_time": "2026-03-16T17:00:00+09:00", "duration_minutes": 120, "score": 75, "confidence": 0.4,
          "reasoning": ["Too little is known of when you study well: a usual time.", "Nothing else stands in the calendar then."], "calendar_conflict": false, "conflicting_events": []}', 'the first') FROM nothing;
SELECT is(d -> 'cognitive_load', (btwin_api.orchestration_cognitive_load('new', as_of => :m)) -> 'load', 'with the load from study history') FROM nothing;
SELECT results_eq($$SELECT id, user_id, recommended_schedule, reasoning, created_at, applied_at FROM study_schedule_recommendations ORDER BY recommended_schedule ->> 'startTime'$$,
    $$SELECT d #>> '{recommendations,0,id}', 'new', '{"startTime": "2026-03-16T06:00:00.000Z", "duration": 120, "performanceScore": 75}'::jsonb,
             'Too little is known of when you study well: a usual time. Nothing else stands in the calendar then.', '2026-03-16 04:00+00'::timestamptz, NULL::timestamptz FROM nothing
      UNION ALL SELECT d #>> '{recommendations,1,id}', 'new', '{"startTime": "2026-03-16T17:00:00.000Z", "duration": 120, "performanceScore": 70}',
             'Too little is known of when you study well: a usual time. Nothing else stands in the calendar then.', '2026-03-16 04:00+00', NULL FROM nothing$$, 'the rows');
SELECT results_eq($$SELECT DISTINCT user_id, kind, method, version, computed_for, evidence_count FROM btwin.provenance$$,
                  $$VALUES ('new', 'study_schedule_recommendations', 'btwin', 'schedule-1', '2026-03-16 04:00+00'::timestamptz, 0)$$, 'and where they come from');
-- idempotent
CREATE TEMP TABLE lay AS SELECT s.ctid AS at, p.ctid AS made_at FROM study_schedule_recommendations s JOIN btwin.provenance p ON p.id = s.id;
SELECT is(btwin_api.orchestration_recommendations('new', as_of => :m), d, 'again: the same') FROM nothing;
SELECT is(btwin_api.orchestration_recommendations('new', as_of => :m + interval '1 hour') - 'generated_at' #- '{cognitive_load,computed_for}', d - 'generated_at' #- '{cognitive_load,computed_for}', 'an hour later too') FROM nothing;
SELECT results_eq('SELECT s.ctid, p.ctid FROM study_schedule_recommendations s JOIN btwin.provenance p ON p.id = s.id', 'SELECT * FROM lay', 'and no row was written');
SELECT is(pg_temp.ask('new', 'btwin', max_rows => 1), '03-16 07:00 120 75.00 0.40 f', 'one');
SELECT results_eq($$SELECT s.id, (SELECT count(*) FROM btwin.provenance p WHERE p.user_id = 'new') FROM study_schedule_recommendations s$$, $$SELECT d #>> '{recommendations,0,id}', 1::bigint FROM nothing$$, 'and the other is gone, with where it came from');
-- blocks in the way: by epic5 it stays as it is, by btwin 30 less; a slot holds its start and ends before its end
SELECT is(pg_temp.ask('new', 'epic5', busy => '[{"event_id": "e", "start_at": "2026-03-16T05:00:00Z", "end_at": "2026-03-16T06:00:00.001Z"}]'), '03-16 07:00 120 75.00 0.40 t, 03-16 18:00 120 70.00 0.40 f', 'a millisecond');
SELECT is(pg_temp.ask('new', 'btwin', busy => '[{"event_id": "e", "start_at": "2026-03-16T07:59:59Z", "end_at": "2026-03-16T09:00:00Z"}]'), '03-16 18:00 120 70.00 0.40 f, 03-16 07:00 120 45.00 0.40 t', 'a second');
SELECT is(pg_temp.ask('new', 'btwin', busy => '[{"event_id": "e", "start_at": "2026-03-16T08:00:00Z", "end_at": "2026-03-16T17:00:00Z"}]'), '03-16 07:00 120 75.00 0.40 f, 03-16 18:00 120 70.00 0.40 f', 'between them');
-- times that have begun: btwin leaves them out
SELECT is(pg_temp.ask('new', 'btwin', as_of => '2026-03-16 06:00:00.001+00'), '03-16 18:00 120 70.00 0.40 f', 'seven is over');
SELECT is(pg_temp.ask('new', 'btwin', as_of => '2026-03-16 06:00+00'), '03-16 07:00 120 75.00 0.40 f, 03-16 18:00 120 70.00 0.40 f', 'at seven it is not');
SELECT is(pg_temp.ask('new', 'epic5', as_of => '2026-03-16 06:00:00.001+00'), '03-16 07:00 120 75.00 0.40 f, 03-16 18:00 120 70.00 0.40 f', 'epic5 does not look');
SELECT is(pg_temp.ask('new', 'btwin', '2026-03-15'), 'none', 'yesterday is over');
SELECT is(pg_temp.ask('new', 'epic5', '2026-03-15'), '03-15 07:00 120 75.00 0.40 f, 03-15 18:00 120 70.00 0.40 f', 'for epic5 it is not');
SELECT is(pg_temp.ask('new', 'btwin', '2026-04-15'), '04-15 07:00 120 75.00 0.40 f, 04-15 18:00 120 70.00 0.40 f', '30 days ahead, summer time');
SELECT is((SELECT string_agg(recommended_schedule ->> 'startTime', ' ' ORDER BY recommended_schedule ->> 'startTime') FROM study_schedule_recommendations WHERE user_id = 'new'),
          '2026-03-15T06:00:00.000Z 2026-03-15T17:00:00.000Z 2026-03-16T06:00:00.000Z 2026-03-16T17:00:00.000Z 2026-04-15T05:00:00.000Z 2026-04-15T16:00:00.000Z', 'days do not replace each other');
-- on that day itself they are found again
SELECT is(pg_temp.ask('new', 'btwin', '2026-04-15', as_of => '2026-04-15 04:00+00'), '04-15 07:00 120 75.00 0.40 f, 04-15 18:00 120 70.00 0.40 f', '30 days later');
SELECT is((SELECT count(*) FROM study_schedule_recommendations WHERE user_id = 'new'), 6::bigint, 'in place of those');
-- recommended 32 days before the day, or before that
INSERT INTO study_schedule_recommendations (id, user_id, recommended_schedule, reasoning, created_at) VALUES
    ('edge', 'new', '{"startTime": "2026-03-16T20:00:00.000Z", "duration": 60, "performanceScore": 1}', 'x', '2026-02-11 23:00+00'), ('past', 'new', '{"startTime": "2026-03-16T20:00:00.000Z", "duration": 60, "performanceScore": 1}', 'x', '2026-02-11 22:59:59.999+00');
SELECT count(btwin._record_provenance('new', 'study_schedule_recommendations', id, 'btwin', 'schedule-1', :m, 0, NULL, NULL)) FROM unnest('{edge,past}'::text[]) id \g /dev/null
SELECT is(pg_temp.ask('new', 'btwin'), '03-16 07:00 120 75.00 0.40 f, 03-16 18:00 120 70.00 0.40 f', 'once more');
SELECT is((SELECT string_agg(id, ' ') FROM study_schedule_recommendations WHERE id IN ('edge', 'past')), 'past', 'what was recommended 32 days before is replaced');
DELETE FROM study_schedule_recommendations WHERE id = 'past';
-- what was taken up, and what the application wrote, stays
UPDATE study_schedule_recommendations SET applied_at = :m WHERE recommended_schedule ->> 'startTime' = '2026-03-16T06:00:00.000Z';
INSERT INTO study_schedule_recommendations (id, user_id, recommended_schedule, reasoning) VALUES ('theirs', 'new', '{"startTime": "2026-03-16T17:00:00.000Z", "duration": 1, "performanceScore": 1}', 'x'), ('odd', 'new', '{"startTime": 7}', 'x');
SELECT is(pg_temp.ask('new', 'epic5'), '03-16 07:00 120 75.00 0.40 f, 03-16 18:00 120 70.00 0.40 f', 'once more');
SELECT is((SELECT count(*) || ' ' || count(*) FILTER (WHERE id IN ('theirs', 'odd')) || ' ' || count(applied_at) FROM study_schedule_recommendations WHERE user_id = 'new' AND coalesce(recommended_schedule ->> 'startTime', '') NOT LIKE '2026-0%-15%'),
          '5 2 1', 'two new ones of this day, two of the application, one that was taken up');

-- epic5 worked by hand (2.2, 2.32). Nine sessions at 9:00 in Berlin: no objectives, no reviews: performance 3/5 = 60, retention 0, completion 0, engagement 0; 0.4 x 60 = 24.
-- Six weeks: 30 sessions in that hour give confidence 30/50 = 0.6; 24 at 14:00 give 0.48, below 0.5.
INSERT INTO study_sessions (id, user_id, started_at, completed_at, duration_ms, reviews_completed, objective_completions)
SELECT 'a9-' || g, 'ann', :m - interval '20 hours' - g * interval '24 hours', :m - interval '19 hours' - g * interval '24 hours', 3600000, 0, NULL::jsonb FROM generate_series(0, 29) g
UNION ALL
SELECT 'a14-' || g, 'ann', :m - interval '15 hours' - g * interval '24 hours', :m - interval '14 hours' - g * interval '24 hours', 3600000, 30,
       '[{"selfAssessment": 5, "completedAt": "x"}]' FROM generate_series(0, 23) g;
-- 0.4 x 24 + 0.3 x 100 + 0.2 x 50 + 0.1 x min(100, 700/3) = 9.6 + 30 + 10 + 10
SELECT is(pg_temp.ask('ann', as_of => :m - interval '4 hours'), '03-16 09:00 60 59.60 0.60 f', 'one hour with 30 sessions');
INSERT INTO study_sessions (id, user_id, started_at, completed_at, duration_ms, reviews_completed, objective_completions)
VALUES ('a14-24', 'ann', :m - interval '591 hours', :m - interval '590 hours', 3600000, 30, '[{"selfAssessment": 5, "completedAt": "x"}]');
-- at 14:00: performance 100, completion 1, engagement 30/30 = 100: 40 + 20 + 10 = 70; 0.4 x 70 + 30 + 10 + 10 = 78
SELECT is(pg_temp.ask('ann', as_of => :m), '03-16 14:00 60 78.00 0.50 f, 03-16 09:00 60 59.60 0.60 f', '25 are enough');
SELECT is(pg_temp.ask('ann', max_rows => 1), '03-16 14:00 60 78.00 0.50 f', 'the best');
SELECT is(d #> '{recommendations,0,reasoning}', '["Sessions begun at 14:00: 25, with a mean score of 70 of 100.", "Nothing else stands in the calendar then.", "Sessions at this hour in the last seven days: 7."]', 'why')
FROM btwin_api.orchestration_recommendations('ann', method_is => 'epic5', as_of => :m) d;
SELECT is(d -> 'reason', 'null', 'nothing usual about it') FROM btwin_api.orchestration_recommendations('ann', method_is => 'epic5', as_of => :m) d;
SELECT is((SELECT evidence_count || ' ' || method || ' ' || version FROM btwin.provenance p JOIN study_schedule_recommendations s ON s.id = p.id WHERE p.user_id = 'ann' AND recommended_schedule ->> 'startTime' = '2026-03-16T13:00:00.000Z'),
          '25 epic5 epic5-1', 'evidence: the sessions');
-- reviews: stability 5 days counts 0.5: 0.3 x 50 more for the session, 1/25 of it for the hour: 0.4 x 0.6 = 0.24 more
INSERT INTO courses (id, user_id, name) VALUES ('k', 'ann', 'x');
INSERT INTO cards (id, course_id, front, back) VALUES ('c', 'k', 'x', 'x');
INSERT INTO reviews (user_id, card_id, session_id, rating, reviewed_at, time_spent_ms, difficulty_before, difficulty_after, stability_before, stability_after)
VALUES ('ann', 'c', 'a14-0', 'GOOD', :m - interval '14 hours', 1000, 5, 5, 1, 5);
SELECT is(pg_temp.ask('ann'), '03-16 14:00 60 78.24 0.50 f, 03-16 09:00 60 59.60 0.60 f', 'what was remembered');
ALTER TABLE reviews DROP CONSTRAINT reviews_stability_after_check;     -- an application's own table has none
-- stability of 0 to 1e9 days counts: with 0 the mean is 0.25, 0.12 of 0.24 points; with half a day 0.275, 0.132; with 1e9, which is 1, 0.75, 0.36
CREATE FUNCTION pg_temp.remembered(stability float8, back interval DEFAULT '14 hours', session text DEFAULT 'a14-0', as_of timestamptz DEFAULT '2026-03-16 04:00+00') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    answer text;
BEGIN
    INSERT INTO reviews (id, user_id, card_id, session_id, rating, reviewed_at, time_spent_ms, difficulty_before, difficulty_after, stability_before, stability_after)
    VALUES ('more', 'ann', 'c', session, 'GOOD', '2026-03-16 04:00+00'::timestamptz - back, 1000, 5, 5, 1, stability);
    answer := split_part(pg_temp.ask('ann', as_of => as_of), ' ', 4);
    DELETE FROM reviews WHERE id = 'more';
    RETURN answer;
END $$;
SELECT is((SELECT string_agg(pg_temp.remembered(s), ' ' ORDER BY n) FROM unnest('{0,0.5,1e9,1.01e9,NaN}'::float8[]) WITH ORDINALITY AS v (s, n)), '78.12 78.13 78.36 78.24 78.24', 'what else was remembered');
-- a session without length has no engagement: 4 % of 0.1 x 100 less, 0.4 x 0.4; an assessment that is none is 3 of 5, 4 % of 0.4 x 40 less
UPDATE study_sessions SET duration_ms = 0 WHERE id = 'a14-1';
SELECT is(pg_temp.ask('ann'), '03-16 14:00 60 78.08 0.50 f, 03-16 09:00 60 59.60 0.60 f', 'no time');
UPDATE study_sessions SET duration_ms = 3600000, objective_completions = '[{"selfAssessment": 5.5, "completedAt": "x"}]' WHERE id = 'a14-1';
SELECT is(pg_temp.ask('ann'), '03-16 14:00 60 77.98 0.50 f, 03-16 09:00 60 59.60 0.60 f', 'five and a half of five');
UPDATE study_sessions SET objective_completions = '[{"selfAssessment": 5, "completedAt": "x"}]' WHERE id = 'a14-1';
-- sessions of the last 7 days: 7 at 14:00; a Sunday without, then three, two, one
UPDATE study_sessions SET completed_at = NULL WHERE id IN ('a9-0', 'a9-1', 'a9-2', 'a9-3', 'a9-4');
-- 25 at 9:00 are left, two of them in 7 days: 9.6 + 30 + 10 + 6.67
SELECT is(pg_temp.ask('ann'), '03-16 14:00 60 78.24 0.50 f, 03-16 09:00 60 56.27 0.50 f', 'two sessions of seven days');
-- a week of 168 hours: a9-6 began 164 hours before the moment; 4 hours later it is out
SELECT is(pg_temp.ask('ann', as_of => :m + interval '4 hours'), '03-16 14:00 60 78.24 0.50 f, 03-16 09:00 60 56.27 0.50 f', 'at its start it counts');
SELECT is(pg_temp.ask('ann', as_of => :m + interval '4 hours 1 second'), '03-16 14:00 60 78.24 0.50 f, 03-16 09:00 60 52.93 0.50 f', 'a second later it does not');
-- six weeks: 1008 hours before 2 April 15:00 in Berlin the 25th session began, 591 hours before the moment; none of the last 7 days: 0.4 x 70.6 + 30 + 10
SELECT is(pg_temp.ask('ann', as_of => :m + interval '417 hours'), '04-02 14:00 60 68.24 0.50 f', '25 of six weeks');
-- the first of them began 591 hours before the moment: its reviews are those of the day before it on
SELECT is(ARRAY[pg_temp.remembered(5, '615 hours', 'a14-24', :m + interval '417 hours'), pg_temp.remembered(5, '615 hours 1 second', 'a14-24', :m + interval '417 hours')], '{68.48,68.24}', 'reviews of a session lie within a day of it');
SELECT is(pg_temp.ask('ann', as_of => :m + interval '417 hours 1 second'), 'none', 'a second later 24');
-- preference: the weekday and the hours of it; -1 is no weekday to epic5
INSERT INTO user_learning_profiles (user_id, preferred_study_times, average_session_duration, optimal_session_duration, content_preferences, learning_style_profile, personalized_forgetting_curve, data_quality_score)
VALUES ('ann', '[{"dayOfWeek": 1, "startHour": 9, "endHour": 10}, {"dayOfWeek": -1, "startHour": 14, "endHour": 15}, {"dayOfWeek": 0, "startHour": 0, "endHour": 24}]', 45, 45, '{}', '{}', '{}', 0.5);
SELECT is(pg_temp.ask('ann'), '03-16 14:00 60 78.24 0.50 f, 03-16 09:00 60 66.27 0.50 f', 'Monday at nine');
UPDATE user_learning_profiles SET preferred_study_times = '[{"dayOfWeek": 1, "startHour": 8, "endHour": 9}, {"day_of_week": 1, "start_hour": 10, "end_hour": 14}]';
SELECT is(pg_temp.ask('ann'), '03-16 14:00 60 78.24 0.50 f, 03-16 09:00 60 56.27 0.50 f', 'the hour before, and the hours up to it');
UPDATE user_learning_profiles SET preferred_study_times = '[{"day_of_week": 1, "start_hour": 10, "end_hour": 15}]';
SELECT is(pg_temp.ask('ann'), '03-16 14:00 60 88.24 0.50 f, 03-16 09:00 60 56.27 0.50 f', 'in both spellings');
SELECT is(pg_temp.ask('ann', for_date => '2026-03-17'), '03-17 14:00 60 78.24 0.50 f, 03-17 09:00 60 56.27 0.50 f', 'not on Tuesday');
UPDATE user_learning_profiles SET preferred_study_times = '"x"';
-- the calendar: stored blocks, and those given in their place
INSERT INTO btwin.calendar_busy (user_id, event_id, start_at, end_at, summary) VALUES ('ann', 'e1', '2026-03-16 13:30+00', '2026-03-16 13:40+00', 'dentist'), ('bob', 'e2', '2026-03-16 08:00+00', '2026-03-16 09:00+00', NULL);
SELECT is(pg_temp.ask('ann'), '03-16 09:00 60 56.27 0.50 f, 03-16 14:00 60 48.24 0.50 t', 'a block: 30 less');
SELECT is(d #> '{recommendations,1,conflicting_events}', '[{"event_id": "e1", "start_at": "2026-03-16T22:30:00+09:00", "end_at": "2026-03-16T22:40:00+09:00"}, {"event_id": "e3", "start_at": "2026-03-16T22:30:00+09:00", "end_at": "2026-03-16T22:50:00+09:00"}]', 'which')
FROM btwin_api.orchestration_recommendations('ann', busy => '[{"event_id": "e3", "start_at": "2026-03-16T14:30:00+01:00", "end_at": "2026-03-16T13:50:00Z"}]', method_is => 'epic5', as_of => :m) d;
SELECT is(d #>> '{recommendations,1,reasoning,1}', 'Blocks of the calendar in the way: 1.', 'in words') FROM btwin_api.orchestration_recommendations('ann', method_is => 'epic5', as_of => :m) d;
SELECT is(pg_temp.ask('ann', busy => '[{"event_id": "e1", "start_at": "2026-03-16T13:30:00Z", "end_at": "2026-03-16T13:50:00Z", "cancelled": true}]'), '03-16 14:00 60 78.24 0.50 f, 03-16 09:00 60 56.27 0.50 f', 'cancelled');
SELECT is(pg_temp.ask('ann', busy => '[{"event_id": "e1", "start_at": "2026-03-16T12:00:00Z", "end_at": "2026-03-16T13:00:00Z", "cancelled": false, "summary": null}]'), '03-16 14:00 60 78.24 0.50 f, 03-16 09:00 60 56.27 0.50 f', 'moved');
SELECT is((SELECT count(*) FROM btwin.calendar_busy), 2::bigint, 'blocks that are given are not kept');

-- btwin: hours with a scored session. One session alone: its own mean, nothing to compare with
INSERT INTO study_sessions (id, user_id, started_at, completed_at, duration_ms) VALUES ('t1', 'two', '2026-03-12 08:00+00', '2026-03-12 09:00+00', 3600000), ('t0', 'two', '2026-03-11 07:00+00', '2026-03-11 09:00+00', 3600000);
CREATE FUNCTION pg_temp.ended(learner text, session text, at timestamptz, score int) RETURNS void LANGUAGE sql AS $$
INSERT INTO study_sessions (id, user_id, started_at, completed_at, duration_ms) VALUES (session, learner, at, at + interval '1 hour', 3600000) ON CONFLICT DO NOTHING;
INSERT INTO behavioral_events (user_id, event_type, event_data, timestamp, session_performance_score) VALUES (learner, 'SESSION_ENDED', jsonb_build_object('sessionId', session), at + interval '1 hour', score)
$$;
SELECT pg_temp.ended('two', 't1', '2026-03-12 08:00+00', 80) \g /dev/null
-- 0.4 x 80 + 30 + 10 + 0.1 x 33.33; the one without a score says nothing of its hour
SELECT is(pg_temp.ask('two', 'btwin'), '03-16 09:00 60 75.33 0.00 f', 'one session');
SELECT is(pg_temp.ask('two', 'epic5'), 'none', 'for epic5 far too few');
SELECT is((SELECT string_agg(d #>> '{recommendations,0,reasoning}', ' ' ORDER BY days) FROM unnest('{0,5}'::int[]) days, btwin_api.orchestration_recommendations('two', as_of => :m + days * interval '24 hours') d),
          '["Sessions begun at 09:00: 1, with a mean score of 80 of 100.", "Nothing else stands in the calendar then.", "Sessions at this hour in the last seven days: 1."] '
          '["Sessions begun at 09:00: 1, with a mean score of 80 of 100.", "Nothing else stands in the calendar then."]', 'in words, and without one of the last seven days');
-- against the family on the same rows: score = mean of all + what is expected of the hour beyond it, confidence of a window of three.
-- The family's effect d is over the others: all of them = w (others + d) + (1 - w) others, w the hour's share, so the hour is (1 - w) d above that.
SELECT pg_temp.ended('habit', 'h' || g, '2026-03-15 00:00+00'::timestamptz - g * interval '24 hours' + (6 + g % 5 * 3) * interval '1 hour', 60 + CASE WHEN g % 5 = 1 THEN 30 ELSE g % 7 END) FROM generate_series(0, 59) g \g /dev/null
CREATE TEMP TABLE family AS
SELECT b.bucket::int AS hour, 100 * (x.score + (1 - b.evidence_count / 60.0) * b.shrunk_effect) AS score, b.confidence, b.evidence_count, b.effect_high
FROM (SELECT btwin.pattern_agg(extract(hour FROM s.started_at AT TIME ZONE 'Europe/Berlin')::int, e.session_performance_score / 100.0, (s.started_at AT TIME ZONE 'Europe/Berlin')::date) AS hours,
             avg(e.session_performance_score / 100.0)::float8 AS score
      FROM study_sessions s JOIN behavioral_events e ON e.event_data ->> 'sessionId' = s.id WHERE s.user_id = 'habit') x, btwin.buckets(x.hours, 3, 24) b WHERE b.evidence_count > 0;
SELECT results_eq($$SELECT h.hour, round(h.score::numeric, 6), round(h.confidence::numeric, 6), h.session_count FROM btwin._study_hours('habit', 'btwin', 'Europe/Berlin', '2026-03-16 04:00+00') h$$,
                  $$SELECT hour, round(score::numeric, 6), round(confidence::numeric, 6), evidence_count::int FROM family ORDER BY hour$$, 'hours as the family has them');
-- those at 10:00 have 90, the twelve each of the others 63 or so: all of them together the mean of the sixty, 20.4 points of the hour's 27 over the others at most
SELECT is((SELECT round((sum(h.score * h.session_count) / 60)::numeric, 6) || ' ' || (max(h.score) BETWEEN 68 AND 90) FROM btwin._study_hours('habit', 'btwin', 'Europe/Berlin', :m) h),
          (SELECT round(avg(session_performance_score), 6) || ' true' FROM behavioral_events WHERE user_id = 'habit'), 'together they have the mean of all sessions');
SELECT is((SELECT count(*) || ' ' || string_agg(h.hour::text, ',') FILTER (WHERE h.is_worse) || ' ' || string_agg(h.hour::text, ',') FILTER (WHERE h.confidence >= 0.8) FROM btwin._study_hours('habit', 'btwin', 'Europe/Berlin', :m) h),
          (SELECT count(*) || ' ' || string_agg(hour::text, ',') FILTER (WHERE effect_high < 0) || ' 10' FROM family), 'which is better, and which are worse');
-- a day is round: three hours in a row around midnight. 14 weeks, the better ones at 23:00, 0:00 and 1:00
SELECT pg_temp.ended('owl', 'o' || g, '2026-03-14 22:30+00'::timestamptz - g * interval '24 hours' + g % 7 * interval '1 hour', 60 + CASE WHEN g % 7 < 3 THEN 20 ELSE g % 5 END) FROM generate_series(0, 97) g \g /dev/null
SELECT results_eq($$SELECT h.hour, round(h.confidence::numeric, 6) FROM btwin._study_hours('owl', 'btwin', 'Europe/Berlin', '2026-03-16 04:00+00') h$$,
                  $$SELECT b.bucket::int, round(b.confidence::numeric, 6)
                    FROM (SELECT btwin.pattern_agg(extract(hour FROM s.started_at AT TIME ZONE 'Europe/Berlin')::int, e.session_performance_score / 100.0, (s.started_at AT TIME ZONE 'Europe/Berlin')::date) AS hours
                          FROM study_sessions s JOIN behavioral_events e ON e.event_data ->> 'sessionId' = s.id WHERE s.user_id = 'owl') x, btwin.buckets(x.hours, 3, 24) b WHERE b.evidence_count > 0 ORDER BY 1$$, 'around midnight');
-- never above 100: on ten days 100 at 9:00 and 50 at 15:00, on a hundred others 100 at one of them. Half of the advantage that the ten days show is more than the 4 points up to 100
SELECT pg_temp.ended('top', 't9-' || g, '2026-03-15 08:00+00'::timestamptz - g * interval '24 hours', 100) FROM generate_series(0, 59) g \g /dev/null
SELECT pg_temp.ended('top', 't15-' || g, '2026-03-15 14:00+00'::timestamptz - g * interval '24 hours', CASE WHEN g < 10 THEN 50 ELSE 100 END) FROM generate_series(0, 109) g WHERE g < 10 OR g >= 60 \g /dev/null
SELECT is((SELECT string_agg(concat_ws(' ', h.hour, h.score = 100, h.session_count), ', ') FROM btwin._study_hours('top', 'btwin', 'Europe/Berlin', :m) h), '9 t 60, 15 f 60', 'never above 100');
-- 2 or 1 of the last 7 days at each hour (9 to 15 March: g 0 to 6, hours 7, 10, 13, 16, 19, 7, 10)
SELECT is(pg_temp.ask('habit', 'btwin'),
          (SELECT string_agg(concat_ws(' ', '03-16', to_char(hour, 'FM00') || ':00', 60, round(v::numeric, 2), round(confidence::numeric, 2), 'f'), ', ' ORDER BY v DESC, hour)
           FROM (SELECT *, 0.4 * score + 40 + CASE WHEN hour IN (7, 10) THEN 20 ELSE 10 END / 3.0 AS v FROM family) f), 'scores and order');
SELECT is(pg_temp.ask('habit', 'btwin', max_rows => 20), pg_temp.ask('habit', 'btwin'), 'five hours, no more');
SELECT is(d #> '{recommendations,0,reasoning}' ->> 2, 'Sessions at this hour in the last seven days: 2.', 'words') FROM btwin_api.orchestration_recommendations('habit', as_of => :m) d;
-- a preferred time of any day counts, 0.2 x 50 more
INSERT INTO user_learning_profiles (user_id, preferred_study_times, average_session_duration, optimal_session_duration, content_preferences, learning_style_profile, personalized_forgetting_curve, data_quality_score)
VALUES ('habit', '[{"dayOfWeek": -1, "startHour": 19, "endHour": 20, "effectiveness": 0.9}]', 45, 45, '{}', '{}', '{}', 0.5);
SELECT is((SELECT round((r ->> 'score')::numeric, 6) || ' ' || (r #>> '{reasoning,2}') FROM jsonb_array_elements(btwin_api.orchestration_recommendations('habit', as_of => :m) -> 'recommendations') r WHERE (r ->> 'start_time')::timestamptz = '2026-03-16 18:00+00'),
          (SELECT round((0.4 * score + 50 + 10 / 3.0)::numeric, 6) || ' It is one of your preferred times.' FROM family WHERE hour = 19), 'any day');
-- of five, two with a block in the way: three are free, and only they are left; with three blocks all five stay
SELECT is((SELECT count(*) || ' ' || count(*) FILTER (WHERE (r ->> 'calendar_conflict')::boolean) FROM jsonb_array_elements(d -> 'recommendations') r), answer, answer)
FROM (VALUES ('3 0', '[{"event_id": "a", "start_at": "2026-03-16T06:00:00Z", "end_at": "2026-03-16T09:30:00Z"}]'::jsonb), ('5 3', '[{"event_id": "a", "start_at": "2026-03-16T06:00:00Z", "end_at": "2026-03-16T12:30:00Z"}]')) v (answer, busy),
     btwin_api.orchestration_recommendations('habit', busy => v.busy, as_of => :m) d;
-- 10:00 has begun
SELECT is(pg_temp.ask('habit', 'btwin', as_of => '2026-03-16 09:00:01+00') LIKE '%10:00%', false, 'not what has begun');
-- a row keeps its key as long as its start is recommended
SELECT is((SELECT count(*) FROM study_schedule_recommendations s JOIN btwin.provenance p ON p.id = s.id AND p.method = 'btwin' WHERE s.user_id = 'habit'), 3::bigint, 'seven and ten are gone');

-- what is refused
SELECT is(pg_temp.refusal('SELECT btwin_api.orchestration_recommendations(''ann'', as_of => ''2026-03-16 22:59+00'', ' || given || ')'), answer, given) FROM (VALUES
    ('for_date => ''2026-03-14''', 'PT400 out_of_range for_date'), ('for_date => ''2026-03-15''', 'accepted'), ('for_date => ''2026-04-15''', 'accepted'), ('for_date => ''2026-04-16''', 'PT400 out_of_range for_date'),
    ('for_date => ''infinity''', 'PT400 out_of_range for_date'), ('max_rows => 0', 'PT400 out_of_range max_rows'), ('max_rows => 21', 'PT400 out_of_range max_rows'), ('max_rows => 20', 'accepted'),
    ('max_rows => NULL', 'PT400 missing_argument max_rows'), ('method_is => ''x''', 'PT400 not_allowed_value method_is'), ('busy => ''{}''', 'PT400 bad_document busy')) v (given, answer);
SELECT is(pg_temp.refusal($$SELECT btwin_api.orchestration_recommendations('ann', as_of => '2026-03-16 23:00+00', for_date => '2026-03-15')$$), 'PT400 out_of_range for_date', 'it is the 17th in Berlin by then');
SELECT is(pg_temp.refusal($$SELECT btwin_api.orchestration_recommendations('off')$$), 'PT403 analysis_disabled', 'analysis off');
SELECT is(pg_temp.refusal($$SELECT btwin_api.orchestration_recommendations('nobody')$$), 'PT404 unknown_learner user_id', 'unknown');
SELECT is(pg_temp.refusal($$SELECT btwin_api.orchestration_recommendations('ann')$$, 'on'), '25006', 'read only');
SELECT is(pg_temp.bare($$SELECT btwin_api.orchestration_recommendations('new')$$) ->> 'reason', 'default_used', 'whatever the search path');

-- worse is what lies below the others with its whole interval: here as the family might have it
CREATE OR REPLACE FUNCTION btwin.buckets(pattern btwin.pattern, width int, modulus int DEFAULT 24, OUT bucket text, OUT evidence_count bigint, OUT days bigint, OUT weight float8, OUT mean float8, OUT effect float8,
    OUT effect_low float8, OUT effect_high float8, OUT shrunk_effect float8, OUT p_value float8, OUT q_value float8, OUT confidence float8) RETURNS SETOF record LANGUAGE sql AS $$
SELECT '7', 3::bigint, 3::bigint, 3::float8, 0.5::float8, -0.1::float8, -0.2::float8, 0::float8, -0.1::float8, 0.5::float8, 0.5::float8, 0.1::float8 UNION ALL SELECT '8', 3, 3, 3, 0.4, -0.1, -0.2, -0.001, -0.1, 0.5, 0.5, 0.1
$$;
SELECT is((SELECT string_agg(h.hour || left(h.is_worse::text, 1), ' ') FROM btwin._study_hours('habit', 'btwin', 'Europe/Berlin', :m) h), '7f 8t', 'an interval that ends at 0 is not below it');

SELECT * FROM finish();
ROLLBACK;
