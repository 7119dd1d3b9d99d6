-- btwin_api.goals
\set QUIET on
SET client_min_messages = warning;
SET DateStyle = 'ISO, YMD';
SET TimeZone = 'UTC';
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS btwin;
SELECT plan(62);
CREATE TEMP TABLE attached AS SELECT * FROM btwin.attach('public');

\ir api_helpers.psql
\set t '''2026-03-16 12:00+00'''

INSERT INTO users (id, behavioral_analysis_enabled, learning_style_profiling_enabled) VALUES ('ann', true, true), ('bob', true, true), ('eve', true, false), ('off', false, true);
-- Berlin is an hour ahead of UTC until the end of March: the seven local days that end with the
-- 16th begin on 2026-03-09 23:00 UTC
INSERT INTO btwin.learner (user_id, time_zone) VALUES ('ann', 'Europe/Berlin');
SET btwin.user_id = 'ann';
SELECT is_empty('SELECT * FROM btwin_api.goals()', 'a learner without goals');

-- what goals are measured by

CREATE FUNCTION pg_temp.measures(learner text, at timestamptz DEFAULT '2026-03-16 12:00+00') RETURNS text LANGUAGE sql AS $$
SELECT string_agg(coalesce(round(m.value::numeric, 6)::text, m.reason), ' ') FROM btwin._goal_measures(learner, at) m
$$;
SELECT is((SELECT string_agg(m.goal_type, ' ') FROM btwin._goal_measures('ann', :t) m), 'STUDY_TIME_CONSISTENCY SESSION_DURATION CONTENT_DIVERSIFICATION RETENTION_IMPROVEMENT', 'the four automatic types');
SELECT is(pg_temp.measures('ann'), 'not_measured no_rows not_measured not_measured', 'without profile and sessions');
SELECT is(pg_temp.measures('off'), 'analysis_disabled analysis_disabled analysis_disabled analysis_disabled', 'analysis switched off');
SELECT is(pg_temp.measures('nobody'), 'not_measured no_rows not_measured not_measured', 'nobody');
INSERT INTO user_learning_profiles (id, user_id, preferred_study_times, average_session_duration, optimal_session_duration, content_preferences, learning_style_profile, personalized_forgetting_curve) VALUES
    ('p1', 'ann', '[{"dayOfWeek": -1, "startHour": 9, "endHour": 11, "effectiveness": 0.8}, {"dayOfWeek": 2, "startHour": 20, "endHour": 21, "effectiveness": 0.7}]', 99, 60, '{}',
     '{"visual": 0.4, "auditory": 0.3, "reading": 0.2, "kinesthetic": 0.1}', '{"initialRetention": 0.9, "decayRate": 0.1, "stabilityFactor": 6.5}'),
    ('p2', 'eve', '[]', 99, 60, '{}', '{"visual": 0.4, "auditory": 0.3, "reading": 0.2, "kinesthetic": 0.1}', '{"halfLife": 3.5, "stabilityFactor": 6.5}'),
    ('p3', 'bob', '{}', 99, 60, '{}', '{"visual": 1, "auditory": 0, "reading": 0}', '{"halfLife": 0, "stabilityFactor": 0}');
-- local starts: 00:30 on the 10th (the first of the days; 23:30 UTC), 09:59, 20:00, 10:00, at the moment 13:00; before the week and after the moment: two at 09:30
INSERT INTO study_sessions (id, user_id, started_at, completed_at, duration_ms) VALUES
    ('s0', 'ann', '2026-03-09 22:59:59.999999+00', '2026-03-09 23:30+00', 6000000),
    ('s1', 'ann', '2026-03-09 23:00+00', '2026-03-10 00:00+00', 600000),
    ('s2', 'ann', '2026-03-10 08:59+00', '2026-03-10 10:00+00', 1800000),
    ('s3', 'ann', '2026-03-12 19:00+00', NULL, 3600000),
    ('s4', 'ann', '2026-03-13 09:00+00', '2026-03-13 10:00+00', 86400000),
    ('s5', 'ann', '2026-03-13 09:00+00', '2026-03-13 10:00+00', 86400001),
    ('s6', 'ann', '2026-03-16 08:00+00', '2026-03-16 12:00:00.000001+00', 6000000),
    ('s7', 'ann', '2026-03-16 12:00+00', NULL, 0),
    ('s8', 'ann', '2026-03-16 12:00:00.000001+00', NULL, 6000000),
    ('s9', 'bob', '2026-03-12 19:00+00', NULL, NULL);
-- at 9 or 20 o'clock: s2, s3, s6. Minutes: s1 10, s2 30, s3 60, s4 1440, s7 0; s5 is longer than a day, s6 has not ended: 1540/5 = 308.
-- shares: 1 - (0.4 - 0.25) = 0.85. Half-life 6.5.
SELECT is(pg_temp.measures('ann'), '3.000000 308.000000 0.850000 6.500000', 'measured: both ends of the seven local days, local hours, sessions that have ended');
-- (1540 + 100 + 100)/7 = 248.571429
SELECT is(pg_temp.measures('ann', '2026-03-16 12:00:00.000001+00'), '3.000000 248.571429 0.850000 6.500000', 'a microsecond later s6 has ended and s8 begun');
-- the 16th of Berlin ends at 23:00 UTC: then the day of s1 falls out: (1740 - 10)/6 = 288.333333
SELECT is(pg_temp.measures('ann', '2026-03-16 22:59:59.999999+00'), '3.000000 248.571429 0.850000 6.500000', 'the last microsecond of the day');
-- midnight takes s1 and s2 out: (1740 - 40)/5 = 340, and s2 was at 9
SELECT is(pg_temp.measures('ann', '2026-03-16 23:00+00'), '2.000000 340.000000 0.850000 6.500000', 'the first of the next');
SELECT is(pg_temp.measures('eve'), 'not_measured no_rows analysis_disabled 3.500000', 'no preferred time; profiling switched off; the named half-life first');
SELECT is(pg_temp.measures('bob'), 'not_measured no_rows not_measured not_measured', 'a session without length, three of four shares, times that are no list, a half-life of 0');
UPDATE user_learning_profiles SET preferred_study_times = '[{"startHour": 5}]', learning_style_profile = '{"visual": 1.4, "auditory": 0, "reading": 0, "kinesthetic": 0}' WHERE user_id = 'bob';
SELECT is(pg_temp.measures('bob'), '0.000000 no_rows 0.000000 not_measured', 'no session at five: 0 is a number; shares beyond 1 end at 0');
UPDATE user_learning_profiles SET preferred_study_times = '[{"startHour": "five"}, {"endHour": 5}, 5]' WHERE user_id = 'bob';
SELECT is(pg_temp.measures('bob'), 'not_measured no_rows 0.000000 not_measured', 'times without a readable hour are no times');
UPDATE user_learning_profiles SET preferred_study_times = '[{"startHour": 5}]' WHERE user_id = 'bob';
UPDATE user_learning_profiles SET learning_style_profile = '{"visual": 0.25, "auditory": 0.25, "reading": 0.25, "kinesthetic": 0.25}' WHERE user_id = 'bob';
SELECT is(pg_temp.measures('bob'), '0.000000 no_rows 1.000000 not_measured', 'even shares are 1');

-- rows

CREATE FUNCTION pg_temp.history(VARIADIC points text[]) RETURNS jsonb LANGUAGE sql AS $$
SELECT coalesce(jsonb_agg(jsonb_build_object('date', split_part(p, '=', 1), 'value', split_part(p, '=', 2)::float8, 'note', NULL) ORDER BY n), '[]') FROM unnest(points) WITH ORDINALITY AS u (p, n)
$$;
INSERT INTO behavioral_goals (id, user_id, goal_type, title, description, target_metric, current_value, target_value, deadline, status, progress_history, completed_at, created_at, updated_at) VALUES
    -- 2 to 5 sessions; 3 measured: a third. From 2 on the 1st to 2.5 on the 11th, 0.05 a day: 2 more take 40 days
    ('g1', 'ann', 'STUDY_TIME_CONSISTENCY', 'study at nine', 'd', 'peakHourSessionsPerWeek', 2.5, 5, '2026-04-01 12:00+00', 'ACTIVE', pg_temp.history('2026-03-01T12:00:00Z=2', '2026-03-11T12:00:00Z=2.5'), NULL, '2026-03-01 12:00+00', '2026-03-11 12:00+00'),
    -- shorter sessions: 608 to 208 minutes, 308 measured: three quarters. 100 less in 10 days: 10 more days
    ('g2', 'ann', 'SESSION_DURATION', 'shorter', 'd', 'avgSessionDuration', 500, 208, '2026-03-26 12:00+00', 'PAUSED', pg_temp.history('2026-03-01T12:00:00Z=608', '2026-03-11T12:00:00Z=508'), NULL, '2026-03-01 12:00+00', '2026-03-11 12:00+00'),
    -- reached when measured, whatever the history says
    ('g3', 'ann', 'CONTENT_DIVERSIFICATION', 'balance', 'd', 'varkBalanceScore', 0.5, 0.7, '2026-03-16 12:00+00', 'ACTIVE', pg_temp.history('2026-03-10T12:00:00Z=0.5'), NULL, '2026-03-10 12:00+00', '2026-03-10 12:00+00'),
    -- one point says nothing of a pace
    ('g4', 'ann', 'RETENTION_IMPROVEMENT', 'remember', 'd', 'retentionHalfLifeDays', 6, 7, '2026-03-16 11:59:59.999999+00', 'ACTIVE', pg_temp.history('2026-03-10T12:00:00Z=6'), NULL, '2026-03-10 12:00+00', '2026-03-10 12:00+00'),
    -- CUSTOM, 10 to 40 on the way to 100: 1/3; 30 in 9 days, 60 more in 18
    ('g5', 'ann', 'CUSTOM', 'pages', 'd', 'custom', 40, 100, '2026-04-02 12:00+00', 'ACTIVE', pg_temp.history('2026-03-01T12:00:00Z=10', '2026-03-05T12:00:00Z=25', '2026-03-10T12:00:00.000Z=40'), NULL, '2026-03-01 12:00+00', '2026-03-10 12:00+00'),
    -- reached on the 12th, measured no more
    ('g6', 'ann', 'RETENTION_IMPROVEMENT', 'done', 'd', 'retentionHalfLifeDays', 7.5, 7, '2026-04-02 12:00+00', 'COMPLETED', pg_temp.history('2026-03-01T12:00:00Z=5', '2026-03-12T12:00:00Z=7.5'), '2026-03-12 12:00+00', '2026-03-01 12:00+00', '2026-03-12 12:00+00'),
    ('g7', 'ann', 'CUSTOM', 'given up', 'd', 'custom', 10, 100, '2026-03-20 12:00+00', 'ABANDONED', '"broken"', NULL, '2000-01-01 00:00+00', '2026-03-01 12:00+00'),
    -- set at the moment, and after it
    ('g8', 'ann', 'CUSTOM', 'new', 'd', 'custom', 0, 10, '2026-03-20 12:00+00', 'ACTIVE', pg_temp.history('2026-03-16T12:00:00Z=0'), NULL, '2026-03-16 12:00+00', '2026-03-16 12:00+00'),
    ('g9', 'ann', 'CUSTOM', 'later', 'd', 'custom', 0, 10, '2026-03-20 12:00+00', 'ACTIVE', pg_temp.history('2026-03-16T12:00:01Z=0'), NULL, '2026-03-16 12:00:00.000001+00', '2026-03-16 12:00:01+00'),
    ('b1', 'bob', 'SESSION_DURATION', 'bob', 'd', 'avgSessionDuration', 20, 45, '2026-03-20 12:00+00', 'ACTIVE', pg_temp.history('2026-03-01T12:00:00Z=20'), NULL, '2026-03-01 12:00+00', '2026-03-01 12:00+00'),
    ('o1', 'off', 'SESSION_DURATION', 'off', 'd', 'avgSessionDuration', 30, 45, '2026-03-20 12:00+00', 'ACTIVE', pg_temp.history('2026-03-01T12:00:00Z=15', '2026-03-02T12:00:00Z=30'), NULL, '2026-03-01 12:00+00', '2026-03-02 12:00+00');
CREATE FUNCTION pg_temp.ids(status_is text DEFAULT 'ACTIVE', goal_id text DEFAULT NULL, max_rows integer DEFAULT 50, after_id text DEFAULT NULL, as_of timestamptz DEFAULT '2026-03-16 12:00+00') RETURNS text LANGUAGE sql AS $$
SELECT coalesce(string_agg(g.id, ' '), '') FROM btwin_api.goals(NULL, status_is, goal_id, max_rows, after_id, as_of) g
$$;
CREATE FUNCTION pg_temp.goal(id text, at timestamptz DEFAULT '2026-03-16 12:00+00', learner text DEFAULT 'ann') RETURNS text LANGUAGE sql AS $$
SELECT concat_ws(' ', round(g.start_value::numeric, 4), 'at', coalesce(round(g.current_value::numeric, 4)::text, '-'), 'to', round(g.target_value::numeric, 4), g.direction, coalesce(round(g.progress::numeric, 4)::text, '-'), g.status,
                 coalesce(to_char(g.projected_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI'), '-'), g.projected_on_time, g.reason)
FROM btwin_api.goals(learner, goal_id => goal.id, as_of => at) g
$$;
SELECT is(pg_temp.goal('g1'), '2.0000 at 3.0000 to 5.0000 INCREASE 0.3333 ACTIVE 2026-04-25 12:00 f', 'at the pace of the history, late, and it says so');
SELECT is(pg_temp.goal('g2'), '608.0000 at 308.0000 to 208.0000 DECREASE 0.7500 PAUSED 2026-03-26 12:00 t', 'a goal downwards, on the day of its deadline');
SELECT is(pg_temp.goal('g3'), '0.5000 at 0.8500 to 0.7000 INCREASE 1.0000 ACTIVE 2026-03-16 12:00 t', 'reached, more than that');
SELECT is(pg_temp.goal('g4'), '6.0000 at 6.5000 to 7.0000 INCREASE 0.5000 ACTIVE - insufficient_data', 'one point');
SELECT is(pg_temp.goal('g5'), '10.0000 at 40.0000 to 100.0000 INCREASE 0.3333 ACTIVE 2026-04-03 12:00 f', 'CUSTOM as it was written');
SELECT is(pg_temp.goal('g6'), '5.0000 at 7.5000 to 7.0000 INCREASE 1.0000 COMPLETED -', 'reached goals keep what they were reached with');
SELECT is(pg_temp.goal('g7'), 'at 10.0000 to 100.0000 INCREASE - ABANDONED - no_history', 'a history that is none');
SELECT is(pg_temp.goal('b1', learner => 'bob'), '20.0000 at - to 45.0000 INCREASE - ACTIVE - no_rows', 'nothing was measured');
SELECT is(pg_temp.goal('o1', learner => 'off'), '15.0000 at 30.0000 to 45.0000 INCREASE 0.5000 ACTIVE - analysis_disabled', 'analysis switched off: as last written');
-- as of earlier moments
SELECT is(pg_temp.goal('g5', '2026-03-09 12:00+00'), '10.0000 at 25.0000 to 100.0000 INCREASE 0.1667 ACTIVE 2026-03-29 12:00 t', '15 in 4 days, 75 more in 20');
SELECT is(pg_temp.goal('g5', '2026-03-05 12:00+00'), '10.0000 at 25.0000 to 100.0000 INCREASE 0.1667 ACTIVE 2026-03-25 12:00 t', 'a point of that moment counts');
SELECT is(pg_temp.goal('g5', '2026-03-05 11:59:59.999999+00'), '10.0000 at 10.0000 to 100.0000 INCREASE 0.0000 ACTIVE - insufficient_data', 'and not before');
SELECT is((SELECT string_agg((p ->> 'value'), ' ') FROM btwin_api.goals(goal_id => 'g5', as_of => '2026-03-09 12:00+00') g, jsonb_array_elements(g.progress_history) p), '10 25', 'the history of then');
SELECT is((SELECT string_agg((p ->> 'value'), ' ') FROM btwin_api.goals(goal_id => 'g5', as_of => '2026-03-10 12:00+00') g, jsonb_array_elements(g.progress_history) p), '10 25 40', 'with the last point at its moment');
SELECT is(pg_temp.goal('g6', '2026-03-12 11:59:59.999999+00'), '5.0000 at 6.5000 to 7.0000 INCREASE 0.7500 ACTIVE - insufficient_data', 'before it was reached');
SELECT is((SELECT completed_at FROM btwin_api.goals(goal_id => 'g6', as_of => '2026-03-12 11:59:59.999999+00')), NULL, 'without the time of it');
SELECT is((SELECT concat(status, ' ', completed_at = '2026-03-12 12:00+00') FROM btwin_api.goals(goal_id => 'g6', as_of => '2026-03-12 12:00+00')), 'COMPLETED t', 'and with it');
UPDATE behavioral_goals SET completed_at = NULL WHERE id = 'g6';
SELECT is(pg_temp.goal('g6'), '5.0000 at 7.5000 to 7.0000 INCREASE 1.0000 COMPLETED -', 'reached, nobody knows when');
UPDATE behavioral_goals SET completed_at = '2026-03-12 12:00+00' WHERE id = 'g6';
-- written to after its history: the stored value counts from its change
UPDATE behavioral_goals SET current_value = 70, updated_at = '2026-03-14 12:00+00' WHERE id = 'g5';
SELECT is(pg_temp.goal('g5', '2026-03-14 12:00+00'), '10.0000 at 70.0000 to 100.0000 INCREASE 0.6667 ACTIVE 2026-03-23 12:00 t', 'the value that was written: 30 more in 9 days');
SELECT is(pg_temp.goal('g5', '2026-03-14 11:59:59.999999+00'), '10.0000 at 40.0000 to 100.0000 INCREASE 0.3333 ACTIVE 2026-04-01 11:59 t', 'before that the last point');
-- no movement, movement away, too far
UPDATE behavioral_goals SET progress_history = pg_temp.history('2026-03-01T12:00:00Z=10', '2026-03-05T12:00:00Z=10') WHERE id = 'g5';
SELECT is(pg_temp.goal('g5'), '10.0000 at 70.0000 to 100.0000 INCREASE 0.6667 ACTIVE - zero_variance', 'no movement');
UPDATE behavioral_goals SET progress_history = pg_temp.history('2026-03-01T12:00:00Z=10', '2026-03-05T12:00:00Z=9') WHERE id = 'g5';
SELECT is(pg_temp.goal('g5'), '10.0000 at 70.0000 to 100.0000 INCREASE 0.6667 ACTIVE - zero_variance', 'away from the target');
UPDATE behavioral_goals SET progress_history = pg_temp.history('2026-03-01T12:00:00Z=10', '2026-03-01T12:00:00Z=20') WHERE id = 'g5';
SELECT is(pg_temp.goal('g5'), '10.0000 at 70.0000 to 100.0000 INCREASE 0.6667 ACTIVE - insufficient_data', 'two points of one moment');
-- 1 in 1,000 days, 36.5 to go: 36,500 days; 36.5001 are 0.1 days too far
UPDATE behavioral_goals SET progress_history = pg_temp.history('2020-01-01T12:00:00Z=62.5', '2022-09-27T12:00:00Z=63.5'), current_value = 63.5 WHERE id = 'g5';
SELECT is(pg_temp.goal('g5'), '62.5000 at 63.5000 to 100.0000 INCREASE 0.0267 ACTIVE 2126-02-20 12:00 f', 'a hundred years');
UPDATE behavioral_goals SET current_value = 63.4999 WHERE id = 'g5';
SELECT is(pg_temp.goal('g5'), '62.5000 at 63.4999 to 100.0000 INCREASE 0.0267 ACTIVE - zero_variance', 'and not a tenth of a day more');
-- days are begun days: 1 a day, 7.5 to go
UPDATE behavioral_goals SET progress_history = pg_temp.history('2026-03-01T12:00:00Z=10', '2026-03-05T12:00:00Z=14'), current_value = 92.5 WHERE id = 'g5';
SELECT is(pg_temp.goal('g5'), '10.0000 at 92.5000 to 100.0000 INCREASE 0.9167 ACTIVE 2026-03-24 12:00 t', 'a part of a day is a day');
-- below the start, and a target that is the start
UPDATE behavioral_goals SET current_value = 5 WHERE id = 'g5';
SELECT is(pg_temp.goal('g5'), '10.0000 at 5.0000 to 100.0000 INCREASE 0.0000 ACTIVE 2026-06-19 12:00 f', 'progress ends at 0');
UPDATE behavioral_goals SET target_value = 10 WHERE id = 'g5';
SELECT is(pg_temp.goal('g5'), '10.0000 at 5.0000 to 10.0000 INCREASE 0.0000 ACTIVE 2026-03-21 12:00 t', 'the target is the start: not there');
UPDATE behavioral_goals SET current_value = 10 WHERE id = 'g5';
SELECT is(pg_temp.goal('g5'), '10.0000 at 10.0000 to 10.0000 INCREASE 1.0000 ACTIVE 2026-03-16 12:00 t', 'there');
-- points without a readable date or value
UPDATE behavioral_goals SET progress_history = '[{"date": "yesterday", "value": 10}, {"date": "2026-03-05T12:00:00Z", "value": 14}]', current_value = 20, target_value = 100 WHERE id = 'g5';
SELECT is(pg_temp.goal('g5'), '10.0000 at 20.0000 to 100.0000 INCREASE 0.1111 ACTIVE - insufficient_data', 'a first point without a date is still the start');
UPDATE behavioral_goals SET progress_history = '[{"date": "2026-03-01T12:00:00Z", "value": "ten"}, {"date": "2026-03-05T12:00:00Z", "value": 14}]' WHERE id = 'g5';
SELECT is(pg_temp.goal('g5'), 'at 20.0000 to 100.0000 INCREASE - ACTIVE - no_history', 'one without a value is none');

-- columns, units, days
SELECT is(to_jsonb(g) - 'progress_history' - 'deadline' - 'projected_at' - 'created_at', '{"id": "g1", "goal_type": "STUDY_TIME_CONSISTENCY", "title": "study at nine", "description": "d", "target_metric": "peakHourSessionsPerWeek", "unit": "sessions", "start_value": 2, "current_value": 3, "target_value": 5, "direction": "INCREASE", "progress": 0.3333333333333333, "days_left": 16, "is_overdue": false, "status": "ACTIVE", "projected_on_time": false, "completed_at": null, "reason": null}'::jsonb, 'columns')
FROM btwin_api.goals(goal_id => 'g1', as_of => :t) g;
SELECT is((SELECT string_agg(concat(g.id, ' ', g.unit, ' ', g.days_left, ' ', g.is_overdue), ', ' ORDER BY g.id) FROM btwin_api.goals(status_is => 'ALL', as_of => :t) g),
          'g1 sessions 16 f, g2 minutes 10 f, g3 score 0 f, g4 days 0 t, g5  17 f, g6 days 17 f, g7  4 f, g8  4 f', 'units, days left, overdue only behind the deadline');
SELECT is((SELECT g.days_left FROM btwin_api.goals(goal_id => 'g1', as_of => '2026-03-16 12:00:00.000001+00') g), 15, 'whole days');
SELECT is((SELECT string_agg(concat(g.id, ' ', g.days_left, ' ', g.is_overdue), ', ' ORDER BY g.id) FROM btwin_api.goals(status_is => 'ALL', as_of => '2026-04-03 12:00+00') g WHERE g.id IN ('g1', 'g2', 'g6', 'g7')),
          'g1 0 t, g2 0 f, g6 0 f, g7 0 f', 'none is left; overdue are active ones');

-- lists: order, status, pages, what was not set yet
SELECT is(pg_temp.ids(), 'g4 g3 g8 g1 g5', 'active ones, by deadline');
SELECT is(pg_temp.ids('ALL'), 'g4 g3 g7 g8 g2 g1 g5 g6', 'all; the same deadline by id');
SELECT is(pg_temp.ids('PAUSED') || ' ' || pg_temp.ids('COMPLETED') || ' ' || pg_temp.ids('ABANDONED'), 'g2 g6 g7', 'by status');
SELECT is(pg_temp.ids('COMPLETED', as_of => '2026-03-12 11:59:59.999999+00') || '/' || pg_temp.ids('ACTIVE', as_of => '2026-03-12 11:59:59.999999+00'), '/g4 g3 g1 g5 g6', 'nothing was completed then');
SELECT is(pg_temp.ids('ALL', max_rows => 3) || '/' || pg_temp.ids('ALL', max_rows => 3, after_id => 'g7') || '/' || pg_temp.ids('ALL', max_rows => 3, after_id => 'g1'), 'g4 g3 g7/g8 g2 g1/g5 g6', 'pages');
SELECT is(pg_temp.ids('ACTIVE', after_id => 'g7'), 'g8 g1 g5', 'behind one that the filter leaves out');
SELECT is(pg_temp.ids(goal_id => 'g6'), 'g6', 'one goal, whatever its status');
SELECT is(pg_temp.ids(goal_id => 'g9'), '', 'one that was not set yet');
SELECT is((SELECT count(*) FROM btwin_api.goals('off', as_of => :t)), 1::bigint, 'goals also answer where analysis is off');
SELECT is((SELECT string_agg(pg_temp.refusal(format('SELECT * FROM btwin_api.goals(%s)', a)), ', ' ORDER BY n)
           FROM unnest(ARRAY['status_is => NULL', 'status_is => ''DONE''', 'max_rows => 0', 'max_rows => 1', 'max_rows => 200', 'max_rows => 201', 'max_rows => NULL', 'goal_id => ''b1''', 'goal_id => ''x''', 'after_id => ''b1''', 'as_of => ''infinity''', 'user_id => ''nobody''']) WITH ORDINALITY AS u (a, n)),
          'PT400 missing_argument status_is, PT400 not_allowed_value status_is, PT400 out_of_range max_rows, accepted, accepted, PT400 out_of_range max_rows, PT400 missing_argument max_rows, PT404 unknown_id, PT404 unknown_id, PT404 unknown_id, PT400 out_of_range as_of, PT404 unknown_learner user_id', 'refusals');
-- 201 goals: 50 by default, 200 at most
INSERT INTO behavioral_goals (id, user_id, goal_type, title, description, target_metric, current_value, target_value, deadline, status, progress_history, created_at)
SELECT 'e' || g, 'eve', 'CUSTOM', 't', 'd', 'custom', 0, 10, '2026-03-20 12:00+00', 'ACTIVE', '[]', '2026-03-10 12:00+00' FROM generate_series(1, 201) g;
SELECT is((SELECT count(*) FROM btwin_api.goals('eve', as_of => :t)) || ' ' || (SELECT count(*) FROM btwin_api.goals('eve', max_rows => 200, as_of => :t)), '50 200', 'how many at once');
SELECT is(btwin_api.behavioral_dashboard('eve', :t) #> '{meta,active_goals_count}', '201', 'and all of them are counted where only the nearest are shown');

-- a read: no write, no path needed
SELECT md5(string_agg(g::text, '')) AS before FROM btwin_api.goals(status_is => 'ALL', as_of => :t) g \gset
SET default_transaction_read_only = on;
SET search_path = '';
SELECT pg_catalog.md5(pg_catalog.string_agg(g::pg_catalog.text, '')) AS after FROM btwin_api.goals(status_is => 'ALL', as_of => :t) g \gset
RESET search_path;
RESET default_transaction_read_only;
SELECT is(:'after'::text, :'before', 'read-only, with an empty path, the same answer');
SELECT * FROM finish();
