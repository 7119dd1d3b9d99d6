-- Goals brought up to date: by what is measured, by what the learner tells.
BEGIN;
SET LOCAL client_min_messages = warning;
SET LOCAL DateStyle = 'ISO, YMD';
SET LOCAL TimeZone = 'Asia/Tokyo';   -- days are the learner's, not the session's
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS btwin;
SELECT plan(78);
CREATE TEMP TABLE attached AS SELECT * FROM btwin.attach('public');
INSERT INTO users (id, behavioral_analysis_enabled) SELECT u, u <> 'off' FROM unnest('{ann,bob,cat,dan,eve,fay,gil,hal,ida,off}'::text[]) u;
INSERT INTO btwin.learner (user_id, time_zone) VALUES ('ann', 'Europe/Berlin');

CREATE FUNCTION pg_temp.history(VARIADIC points text[]) RETURNS jsonb LANGUAGE sql AS $$
SELECT coalesce(jsonb_agg(jsonb_build_object('date', split_part(p, '=', 1), 'value', split_part(p, '=', 2)::float8, 'note', nullif(split_part(p, '=', 3), '')) ORDER BY n), '[]') FROM unnest(points) WITH ORDINALITY AS u (p, n)
$$;
CREATE FUNCTION pg_temp.goal(id text, learner text, kind text, target float8, stored float8, history jsonb, created timestamptz DEFAULT '2026-03-01 12:00+00', status text DEFAULT 'ACTIVE') RETURNS text LANGUAGE sql AS $$
INSERT INTO behavioral_goals (id, user_id, goal_type, title, description, target_metric, current_value, target_value, deadline, status, progress_history, created_at, updated_at)
VALUES (id, learner, kind, 'title of ' || id, 'd', 'm', stored, target, '2026-03-20 12:00+00', status, history, created, created) RETURNING id
$$;
CREATE FUNCTION pg_temp.session(id text, learner text, at timestamptz, minutes float8) RETURNS text LANGUAGE sql AS $$
INSERT INTO study_sessions (id, user_id, started_at, completed_at, duration_ms) VALUES (id, learner, at, at, 60000 * minutes) RETURNING id
$$;
-- a goal, its points as value@time(note)
CREATE FUNCTION pg_temp.shown(id text) RETURNS text LANGUAGE sql AS $$
SELECT concat_ws(' ', g.status, g.current_value, (SELECT string_agg(concat(p ->> 'value', '@', substr(p ->> 'date', 6), '(' || (p ->> 'note') || ')'), ' ' ORDER BY n) FROM jsonb_array_elements(g.progress_history) WITH ORDINALITY AS e (p, n)))
FROM behavioral_goals g WHERE g.id = shown.id
$$;
CREATE FUNCTION pg_temp.counts(learner text, at timestamptz) RETURNS text LANGUAGE sql AS $$
SELECT concat_ws(' ', c -> 'updated', c -> 'completed', c -> 'milestones', c -> 'achievements') FROM btwin._analyze_goals(learner, at) c
$$;
CREATE FUNCTION pg_temp.places() RETURNS text LANGUAGE sql AS $$
SELECT string_agg(p, ' ' ORDER BY p) FROM (SELECT id || ctid FROM behavioral_goals UNION ALL SELECT id || ctid FROM insight_notifications UNION ALL SELECT id || ctid FROM achievements) t (p)
$$;
CREATE FUNCTION pg_temp.news(goal text) RETURNS text LANGUAGE sql AS $$
SELECT string_agg(n.notification_type || ' ' || n.priority, ', ' ORDER BY n.notification_type DESC) FROM insight_notifications n WHERE n.related_entity_id = goal
$$;

-- measured: sessions of 20 to 40 minutes
SELECT pg_temp.goal('g1', 'ann', 'SESSION_DURATION', 40, 20, pg_temp.history('2026-03-01T12:00:00.000Z=20')) \g /dev/null
SELECT is(pg_temp.counts('ann', '2026-03-16 12:00+00'), '0 0 0 0', 'nothing is measured');
SELECT pg_temp.session('s1', 'ann', '2026-03-12 12:00+00', 30) \g /dev/null
-- 30 is half of the way: 25 and 50 percent are passed
SELECT is(pg_temp.counts('ann', '2026-03-16 12:00:00.987654+00'), '1 0 2 0', 'half of the way');
SELECT is(pg_temp.shown('g1'), 'ACTIVE 30 20@03-01T12:00:00.000Z 30@03-16T12:00:00.987Z', 'a point more');
SELECT is((SELECT updated_at FROM behavioral_goals WHERE id = 'g1'), '2026-03-16 12:00:00.987+00'::timestamptz, 'written to the millisecond');
SELECT is(pg_temp.news('g1'), 'GOAL_PROGRESS_50 NORMAL, GOAL_PROGRESS_25 NORMAL', 'two notifications');
SELECT is((SELECT concat_ws('|', user_id, title, message, related_entity_type, read_at, created_at AT TIME ZONE 'UTC') FROM insight_notifications WHERE notification_type = 'GOAL_PROGRESS_50'),
    'ann|Half of the way|title of g1: you are at 30, on the way to 40.|goal|2026-03-16 12:00:00.987', 'what they say');
SELECT pg_temp.places() AS places \gset
SELECT is(pg_temp.counts('ann', '2026-03-16 12:00:00.987654+00'), '0 0 0 0', 'a second time');
SELECT is(pg_temp.counts('ann', '2026-03-17 12:00+00'), '0 0 0 0', 'a day later, where nothing moved');
SELECT is(pg_temp.places(), :'places', 'nothing is written');
-- until midnight in Berlin, which is 23:00 UTC, the point of the day is replaced: (30 + 40)/2 = 35
SELECT pg_temp.session('s2', 'ann', '2026-03-16 18:00+00', 40) \g /dev/null
SELECT is(pg_temp.counts('ann', '2026-03-16 22:59:59.999+00'), '1 0 1 0', 'three quarters of the way');
SELECT is(pg_temp.shown('g1'), 'ACTIVE 35 20@03-01T12:00:00.000Z 35@03-16T22:59:59.999Z', 'one point a day');
SELECT is(pg_temp.news('g1'), 'GOAL_PROGRESS_75 HIGH, GOAL_PROGRESS_50 NORMAL, GOAL_PROGRESS_25 NORMAL', 'the third');
SELECT is((SELECT title FROM insight_notifications WHERE notification_type = 'GOAL_PROGRESS_75'), 'Three quarters of the way', 'its title');
SELECT is((SELECT title FROM insight_notifications WHERE notification_type = 'GOAL_PROGRESS_25'), 'A quarter of the way', 'that of the first');
-- (30 + 40 + 5)/3 = 25
SELECT pg_temp.session('s3', 'ann', '2026-03-16 22:59:59+00', 5) \g /dev/null
SELECT is(pg_temp.counts('ann', '2026-03-16 23:00+00'), '1 0 0 0', 'back, at midnight');
SELECT is(pg_temp.shown('g1'), 'ACTIVE 25 20@03-01T12:00:00.000Z 35@03-16T22:59:59.999Z 25@03-16T23:00:00.000Z', 'a point of the next day');
-- (30 + 40 + 5 + 45)/4 = 30
SELECT pg_temp.session('s4', 'ann', '2026-03-18 08:00+00', 45) \g /dev/null
SELECT is(pg_temp.counts('ann', '2026-03-18 09:00+00'), '1 0 0 0', 'half of the way again: a milestone is one once');
-- (120 + 90)/5 = 42
SELECT pg_temp.session('s5', 'ann', '2026-03-18 09:30+00', 90) \g /dev/null
SELECT is(pg_temp.counts('ann', '2026-03-18 10:00+00'), '1 1 1 1', 'reached');
SELECT is(pg_temp.shown('g1') || ' ' || (SELECT completed_at AT TIME ZONE 'UTC' FROM behavioral_goals WHERE id = 'g1'),
    'COMPLETED 42 20@03-01T12:00:00.000Z 35@03-16T22:59:59.999Z 25@03-16T23:00:00.000Z 42@03-18T10:00:00.000Z 2026-03-18 10:00:00', 'and so it stands there');
SELECT is((SELECT concat_ws('|', title, message, priority) FROM insight_notifications WHERE notification_type = 'GOAL_ACHIEVED'), 'Goal reached|title of g1: you are at 42, the goal was 40.|HIGH', 'it is told');
SELECT is((SELECT concat_ws('|', user_id, type, name, description, tier, earned_at AT TIME ZONE 'UTC', metadata) FROM achievements),
    'ann|OBJECTIVES_COMPLETED|Goals reached: length of sessions|Goals of this kind reached: 1.|BRONZE|2026-03-18 10:00:00|{"goalId": "g1", "goalType": "SESSION_DURATION", "completedGoals": 1}', 'and earns something');
SELECT pg_temp.session('s6', 'ann', '2026-03-18 11:00+00', 5) \g /dev/null
SELECT is(pg_temp.counts('ann', '2026-03-18 12:00+00'), '0 0 0 0', 'what is reached stays');

-- a start that could not be measured
SELECT pg_temp.goal('b1', 'bob', 'SESSION_DURATION', 45, 0, pg_temp.history('2026-03-10T12:00:00.000Z=0=no_rows')), pg_temp.goal('c1', 'cat', 'SESSION_DURATION', 45, 0, pg_temp.history('2026-03-10T12:00:00.000Z=0=no_rows')),
       pg_temp.goal('b2', 'bob', 'CUSTOM', 100, 0, pg_temp.history('2026-03-10T12:00:00.000Z=0=no_rows')) \g /dev/null
SELECT is(pg_temp.counts('bob', '2026-03-15 12:00+00'), '0 0 0 0', 'is measured no better');
SELECT pg_temp.session('b1', 'bob', '2026-03-15 12:00+00', 15), pg_temp.session('c1', 'cat', '2026-03-15 12:00+00', 50) \g /dev/null
SELECT is(pg_temp.counts('bob', '2026-03-15 13:00+00'), '1 0 0 0', 'the first value');
SELECT is(pg_temp.shown('b1'), 'ACTIVE 15 15@03-15T13:00:00.000Z', 'takes its place: the way begins there');
SELECT is(pg_temp.counts('cat', '2026-03-15 13:00+00'), '1 1 4 1', 'unless it has reached the target');
SELECT is(pg_temp.shown('c1'), 'COMPLETED 50 0@03-10T12:00:00.000Z(no_rows) 50@03-15T13:00:00.000Z', 'then the way led there from nothing');
SELECT is((SELECT string_agg(pg_temp.shown(pg_temp.goal('n' || n, 'hal', 'SESSION_DURATION', 45, 0, pg_temp.history('2026-03-10T12:00:00.000Z=0=' || w))), ', ' ORDER BY n)
           FROM unnest('{not_measured,no_rows,analysis_disabled,other}'::text[]) WITH ORDINALITY AS u (w, n)), 'ACTIVE 0 0@03-10T12:00:00.000Z(not_measured), ACTIVE 0 0@03-10T12:00:00.000Z(no_rows), ACTIVE 0 0@03-10T12:00:00.000Z(analysis_disabled), ACTIVE 0 0@03-10T12:00:00.000Z(other)', 'four starts of 0');
SELECT pg_temp.session('h1', 'hal', '2026-03-15 12:00+00', 15) \g /dev/null
-- 15 of 45 is a third of the way from a 0 that was measured
SELECT is(pg_temp.counts('hal', '2026-03-15 13:00+00'), '4 0 1 0', 'all four move');
SELECT is((SELECT string_agg(jsonb_array_length(progress_history)::text, ' ' ORDER BY id) FROM behavioral_goals WHERE user_id = 'hal'), '1 1 1 2', 'three reasons say that nothing was measured');
-- a target met to the point is reached; a later note, and what the learner tells, are no start
SELECT pg_temp.goal('i1', 'ida', 'SESSION_DURATION', 45, 0, pg_temp.history('2026-03-10T12:00:00.000Z=0=no_rows')), pg_temp.goal('i2', 'ida', 'SESSION_DURATION', 100, 20, pg_temp.history('2026-03-10T12:00:00.000Z=0', '2026-03-11T12:00:00.000Z=20=no_rows')),
       pg_temp.session('i1', 'ida', '2026-03-15 12:00+00', 45) \g /dev/null
SELECT is(pg_temp.counts('ida', '2026-03-15 13:00+00'), '2 1 5 1', 'four milestones and one');
SELECT is(pg_temp.shown('i1') || ', ' || pg_temp.shown('i2'), 'COMPLETED 45 0@03-10T12:00:00.000Z(no_rows) 45@03-15T13:00:00.000Z, ACTIVE 45 0@03-10T12:00:00.000Z 20@03-11T12:00:00.000Z(no_rows) 45@03-15T13:00:00.000Z', 'each its way');
SELECT is((SELECT a.milestones FROM btwin._advance_goals('bob', '2026-03-15 13:00+00', 'b2', 30) a), '{25}', 'told');
SELECT is(pg_temp.shown('b2'), 'ACTIVE 30 0@03-10T12:00:00.000Z(no_rows) 30@03-15T13:00:00.000Z', 'from where the learner began');
-- 0 measured as 0: it is no guess any more
INSERT INTO user_learning_profiles (id, user_id, preferred_study_times, average_session_duration, optimal_session_duration, content_preferences, learning_style_profile, personalized_forgetting_curve)
VALUES ('p1', 'hal', '[{"startHour": 5}]', 40, 40, '{}', '{}', '{}');
DELETE FROM behavioral_goals WHERE user_id = 'hal';
SELECT pg_temp.goal('n5', 'hal', 'STUDY_TIME_CONSISTENCY', 5, 0, pg_temp.history('2026-03-10T12:00:00.000Z=0=not_measured')) \g /dev/null
SELECT is(pg_temp.counts('hal', '2026-03-15 13:00+00') || ', ' || pg_temp.shown('n5') || ', ' || pg_temp.counts('hal', '2026-03-15 13:00+00'), '1 0 0 0, ACTIVE 0 0@03-15T13:00:00.000Z, 0 0 0 0', 'a 0 that was measured');

-- what is left alone
SELECT pg_temp.goal('e1', 'eve', 'SESSION_DURATION', 45, 20, pg_temp.history('2026-03-10T12:00:00.000Z=20'), status => 'PAUSED'), pg_temp.goal('e2', 'eve', 'SESSION_DURATION', 45, 20, pg_temp.history('2026-03-10T12:00:00.000Z=20'), status => 'ABANDONED'),
       pg_temp.goal('e3', 'eve', 'SESSION_DURATION', 45, 20, pg_temp.history('2026-03-10T12:00:00.000Z=20'), status => 'COMPLETED'), pg_temp.goal('e4', 'eve', 'CUSTOM', 45, 20, pg_temp.history('2026-03-10T12:00:00.000Z=20')),
       pg_temp.goal('o1', 'off', 'SESSION_DURATION', 45, 20, pg_temp.history('2026-03-10T12:00:00.000Z=20')), pg_temp.session('e1', 'eve', '2026-03-15 12:00+00', 30), pg_temp.session('o1', 'off', '2026-03-15 12:00+00', 30) \g /dev/null
SELECT pg_temp.places() AS places \gset
SELECT is(pg_temp.counts('eve', '2026-03-15 13:00+00'), '0 0 0 0', 'paused, abandoned and completed goals, and what the learner tells');
SELECT is(pg_temp.counts('off', '2026-03-15 13:00+00'), '0 0 0 0', 'learners who are not analysed');
SELECT is(pg_temp.counts('nobody', '2026-03-15 13:00+00'), '0 0 0 0', 'nobody');
SELECT is(pg_temp.places(), :'places', 'nothing is written');
-- moments before what stands there
SELECT pg_temp.goal('e5', 'eve', 'SESSION_DURATION', 45, 20, pg_temp.history('2026-03-10T12:00:00.000Z=20'), '2026-03-15 13:00:00.000001+00'), pg_temp.goal('e6', 'eve', 'SESSION_DURATION', 45, 20, pg_temp.history('2026-03-15T13:00:00.001Z=20')) \g /dev/null
SELECT is(pg_temp.counts('eve', '2026-03-15 13:00+00'), '0 0 0 0', 'a goal that was set later, and one with a later point');
SELECT is(pg_temp.counts('eve', '2026-03-15 13:00:00.001+00'), '2 0 2 0', 'from then on they move');
SELECT is(pg_temp.shown('e6'), 'ACTIVE 30 20@03-15T13:00:00.001Z 30@03-15T13:00:00.001Z', 'the start stays, also on its day');

-- a history that is none begins now
SELECT pg_temp.goal('d1', 'dan', 'SESSION_DURATION', 45, 20, '"broken"'), pg_temp.goal('d2', 'dan', 'SESSION_DURATION', 45, 20, '[]'), pg_temp.goal('d3', 'dan', 'SESSION_DURATION', 45, 30, '[{"date": "yesterday", "value": 20}, {}]'),
       pg_temp.session('d1', 'dan', '2026-03-15 12:00+00', 30) \g /dev/null
SELECT is(pg_temp.counts('dan', '2026-03-15 13:00+00'), '2 0 0 0', 'no list, no points');
SELECT is(pg_temp.shown('d1') || ', ' || pg_temp.shown('d2'), 'ACTIVE 30 30@03-15T13:00:00.000Z, ACTIVE 30 30@03-15T13:00:00.000Z', 'the first point');
UPDATE study_sessions SET duration_ms = 60000 * 36 WHERE id = 'd1';
-- 36 is 6 of 15 of the way from 30: 25 percent; from 20 it is 16 of 25, and was 10 of 25 at 30: 50 percent
SELECT is(pg_temp.counts('dan', '2026-03-15 14:00+00'), '3 0 3 0', 'a point without a date');
SELECT is(pg_temp.news('d1') || ', ' || pg_temp.news('d3'), 'GOAL_PROGRESS_25 NORMAL, GOAL_PROGRESS_50 NORMAL', 'counts by its value, and what was stored was a quarter already');
SELECT is((SELECT jsonb_array_length(progress_history) FROM behavioral_goals WHERE id = 'd3'), 3, 'and gets company');

-- what the learner tells, one goal
CREATE FUNCTION pg_temp.tell(id text, value float8, at timestamptz DEFAULT '2026-03-16 12:00+00', note text DEFAULT NULL, learner text DEFAULT 'fay') RETURNS text LANGUAGE sql AS $$
SELECT coalesce((SELECT concat_ws(' ', a.milestones, a.completed_now, a.achievement ->> 'tier') FROM btwin._advance_goals(learner, at, id, value, note) a), 'nothing')
$$;
SELECT pg_temp.goal('f1', 'fay', 'CUSTOM', 100, 0, pg_temp.history('2026-03-10T12:00:00.000Z=0')), pg_temp.goal('f2', 'fay', 'CUSTOM', -100, 0, pg_temp.history('2026-03-10T12:00:00.000Z=0')) \g /dev/null
SELECT is((SELECT string_agg(pg_temp.tell('f1', v), ', ' ORDER BY v) FROM unnest('{0,24.99,25,49.99,50,74.99,75,99.99,100}'::float8[]) v),
    'nothing, {} f, {25} f, {} f, {50} f, {} f, {75} f, {} f, {100} t BRONZE', 'each milestone at its percentage');
SELECT is(pg_temp.news('f1'), 'GOAL_PROGRESS_75 HIGH, GOAL_PROGRESS_50 NORMAL, GOAL_PROGRESS_25 NORMAL, GOAL_ACHIEVED HIGH', 'with their notifications');
SELECT is(pg_temp.tell('f1', 200), 'nothing', 'a goal that is reached');
SELECT is((SELECT string_agg(pg_temp.tell('f2', v), ', ' ORDER BY v DESC) FROM unnest('{50,-25,-60,-101}'::float8[]) v), '{} f, {25} f, {50} f, {75,100} t', 'downwards, in strides');
SELECT is(pg_temp.shown('f2'), 'COMPLETED -101 0@03-10T12:00:00.000Z -101@03-16T12:00:00.000Z', 'the last of the day');
SELECT pg_temp.goal('f3', 'fay', 'CUSTOM', 100, 60, pg_temp.history('2026-03-10T12:00:00.000Z=0')), pg_temp.goal('f4', 'fay', 'CUSTOM', 100, 10, pg_temp.history('2026-03-10T12:00:00.000Z=0', '2026-03-11T12:00:00.000Z=60')),
       pg_temp.goal('f5', 'fay', 'CUSTOM', 100, 0, pg_temp.history('2026-03-10T12:00:00.000Z=0')) \g /dev/null
SELECT is(pg_temp.tell('f3', 65) || ' ' || pg_temp.tell('f4', 65) || ' ' || pg_temp.tell('f5', 65), '{} f {} f {25,50} f', 'what was stored, or stands in the history, had been passed');
-- notes
SELECT is(pg_temp.tell('f5', 65, note => 'a note'), '{} f', 'a note is something new');
SELECT is(pg_temp.tell('f5', 65, note => 'a note'), 'nothing', 'once');
SELECT is(pg_temp.tell('f5', 66), '{} f', 'another value of the day');
SELECT is(pg_temp.shown('f5'), 'ACTIVE 66 0@03-10T12:00:00.000Z 66@03-16T12:00:00.000Z(a note)', 'keeps its note');
SELECT is(pg_temp.tell('f5', 66, note => 'another'), '{} f', 'until there is another');
SELECT is(pg_temp.tell('f5', 67, '2026-03-17 12:00+00'), '{} f', 'the next day');
SELECT is(pg_temp.shown('f5'), 'ACTIVE 67 0@03-10T12:00:00.000Z 66@03-16T12:00:00.000Z(another) 67@03-17T12:00:00.000Z', 'has none yet');
SELECT is(pg_temp.tell('f5', 68, '2026-03-18 12:00+00', 'new'), '{} f', 'or has one');
SELECT is((SELECT progress_history -> 3 ->> 'note' FROM behavioral_goals WHERE id = 'f5'), 'new', 'from the start');
SELECT is(pg_temp.tell('f5', 68, learner => 'ann'), 'nothing', 'for another learner nothing happens');
SELECT is(pg_temp.tell('f5', 100, '2026-03-18 13:00+00'), '{75,100} t SILVER', 'the third goal of the kind');

-- what reached goals earn: the third, fifth and tenth
DELETE FROM behavioral_goals WHERE user_id = 'fay';
DELETE FROM achievements;
SELECT pg_temp.goal('q' || g, 'fay', 'CUSTOM', 10, 0, pg_temp.history('2026-03-10T12:00:00.000Z=0')) FROM generate_series(1, 13) g \g /dev/null
SELECT is((SELECT string_agg(coalesce(split_part(pg_temp.tell('q' || g, 10), ' ', 3), ''), ',' ORDER BY g) FROM generate_series(1, 11) g), 'BRONZE,,SILVER,,GOLD,,,,,PLATINUM,', 'tiers');
SELECT is((SELECT string_agg(tier || (metadata ->> 'completedGoals'), ' ' ORDER BY tier) FROM achievements), 'BRONZE1 GOLD5 PLATINUM10 SILVER3', 'each once');
DELETE FROM behavioral_goals WHERE id IN ('q1', 'q2');
SELECT is(pg_temp.tell('q12', 10), '{25,50,75,100} t', 'the tenth again earns nothing');
UPDATE behavioral_goals SET completed_at = '2026-03-16 12:00:00.000001+00' WHERE id = 'q3';
SELECT pg_temp.session('f9', 'fay', '2026-03-16 11:00+00', 50), pg_temp.goal('m1', 'fay', 'SESSION_DURATION', 45, 20, pg_temp.history('2026-03-10T12:00:00.000Z=20')) \g /dev/null
SELECT is(pg_temp.counts('fay', '2026-03-16 12:00+00'), '1 1 4 1', 'another kind counts for itself');
-- goals reached later, and at a time nobody knows: two of another kind stand there, one of them later
SELECT pg_temp.goal('r' || g, 'gil', 'CUSTOM', 10, 10, '[]', status => 'COMPLETED') FROM generate_series(1, 3) g \g /dev/null
UPDATE behavioral_goals SET completed_at = '2026-03-16 12:00:00.000001+00' WHERE id = 'r1';
UPDATE behavioral_goals SET completed_at = '2026-03-16 12:00+00' WHERE id = 'r2';
SELECT pg_temp.goal('r4', 'gil', 'CUSTOM', 10, 0, pg_temp.history('2026-03-10T12:00:00.000Z=0')) \g /dev/null
SELECT is(pg_temp.tell('r4', 10, learner => 'gil'), '{25,50,75,100} t SILVER', 'what is reached later does not count yet');
-- two at once: the first earns something; each has four milestones
SELECT pg_temp.goal('t' || g, 'gil', 'SESSION_DURATION', 45, 20, pg_temp.history('2026-03-10T12:00:00.000Z=20')) FROM generate_series(1, 2) g \g /dev/null
SELECT pg_temp.session('g9', 'gil', '2026-03-16 11:00+00', 45) \g /dev/null
SELECT is(pg_temp.counts('gil', '2026-03-16 12:00+00'), '2 2 8 1', 'two at once');
SELECT is((SELECT metadata ->> 'goalId' FROM achievements WHERE user_id = 'gil' AND metadata ->> 'goalType' = 'SESSION_DURATION'), 't1', 'the first by deadline and id');
-- reached without a move: the application wrote the value and did not look at the target
SELECT pg_temp.goal('u1', 'gil', 'SESSION_DURATION', 45, 45, pg_temp.history('2026-03-10T12:00:00.000Z=20', '2026-03-11T12:00:00.000Z=45')) \g /dev/null
SELECT is(pg_temp.counts('gil', '2026-03-16 12:00+00') || ' ' || pg_temp.shown('u1'), '1 1 0 1 COMPLETED 45 20@03-10T12:00:00.000Z 45@03-11T12:00:00.000Z', 'reached, and the history is as it was');
-- without a history the way begins where the learner is: at the target, whatever was stored before
SELECT pg_temp.goal('u2', 'ida', 'CUSTOM', 45, 50, '[]') \g /dev/null
SELECT is(pg_temp.tell('u2', 45, learner => 'ida') || ' ' || pg_temp.shown('u2'), '{25,50,75,100} t BRONZE COMPLETED 45 45@03-16T12:00:00.000Z', 'reached at once');
-- opened again by the application
UPDATE behavioral_goals SET status = 'ACTIVE', completed_at = NULL, current_value = 30 WHERE id = 't1';
SELECT is(pg_temp.counts('gil', '2026-03-17 12:00+00'), '1 1 0 0', 'reached a second time: nothing is told twice');
-- a target that is the start
SELECT is((SELECT string_agg(coalesce(btwin._goal_progress(v, s, t)::text, '-'), ' ' ORDER BY n) FROM (VALUES (1, 5.0, 5.0, 5.0), (2, 4.9, 5, 5), (3, 6, 5, 5), (4, 3, 0, 4), (5, 5, 0, 4), (6, -1, 0, 4), (7, 3, 4, 0), (8, NULL, 0, 1), (9, 1, NULL, 1), (10, 1, 0, NULL)) v (n, v, s, t)),
    '1 0 1 0.75 1 0 0.25 - - -', 'how far');
SELECT is((SELECT string_agg(btwin._goal_number(v), ' ' ORDER BY v) FROM unnest('{-2.5,0,0.005,0.333,12.004,1000000}'::float8[]) v), '-2.5 0 0.01 0.33 12 1000000', 'numbers in texts');
SELECT is((SELECT function || ' ' || position FROM btwin.analysis_step WHERE step = 'goals'), 'btwin._analyze_goals 70', 'a step of the analysis');
SELECT is((SELECT string_agg(btwin._phrase_of('goal.achievement.' || k), ', ' ORDER BY n) FROM unnest('{STUDY_TIME_CONSISTENCY,CONTENT_DIVERSIFICATION,RETENTION_IMPROVEMENT,CUSTOM}'::text[]) WITH ORDINALITY u (k, n)),
    'Goals reached: studying at the best time, Goals reached: mix of content, Goals reached: remembering, Goals reached: your own', 'names of what is earned');
SELECT * FROM finish();
ROLLBACK;
