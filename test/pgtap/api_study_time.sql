-- When the learner studies to effect, and whether habits and results go together.
-- Everything is asked for Monday, 2026-03-16 12:00 UTC, unless said otherwise.
\set QUIET on
SET client_min_messages = warning;
SET DateStyle = 'ISO, YMD';
SET TimeZone = 'Pacific/Auckland';
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS btwin;
SELECT plan(94);
CREATE FUNCTION refusal(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    detail text;
BEGIN
    EXECUTE statement;
    RETURN 'none';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
    IF SQLSTATE NOT LIKE 'PT%' THEN
        RETURN SQLSTATE || ' ' || SQLERRM;
    END IF;
    RETURN concat_ws(' ', SQLSTATE, detail::jsonb ->> 'code', detail::jsonb ->> 'argument');
END $$;
SELECT is(refusal('SELECT btwin_api.' || f || '()'), 'PT400 not_attached', f || ' before attach') FROM unnest('{study_time_heatmap,behavioral_correlation}'::text[]) AS f;
CREATE TEMP TABLE attached AS SELECT * FROM btwin.attach('public');
INSERT INTO users (id) SELECT unnest('{ada,bob,one,cora,flat,line,rita,blank,five,tie,tune}'::text[]);
INSERT INTO users (id, behavioral_analysis_enabled) VALUES ('off', false);
INSERT INTO btwin.learner (user_id, time_zone) VALUES ('ada', 'Europe/Berlin'), ('one', 'Europe/Berlin'), ('cora', 'Europe/Berlin');
\set M '''2026-03-16 12:00+00''::timestamptz'
CREATE SEQUENCE number;

-- Heatmap

-- a session of half an hour with so many objectives, of which so many are completed
CREATE FUNCTION study(learner text, at text, done integer, planned integer) RETURNS void LANGUAGE sql AS $$
INSERT INTO study_sessions (id, user_id, started_at, completed_at, objective_completions)
SELECT 's' || nextval('number'), learner, at::timestamptz, at::timestamptz + interval '30 minutes',
       (SELECT jsonb_agg(CASE WHEN g <= done THEN jsonb_build_object('objectiveId', g, 'completedAt', at)
                              WHEN g % 3 = 0 THEN jsonb_build_object('objectiveId', g) WHEN g % 3 = 1 THEN '{"completedAt": null}' ELSE '{"completedAt": ""}' END)
        FROM generate_series(1, planned) g)
$$;
-- Six weeks begin on Monday, 2026-02-02 12:00 UTC. Berlin is an hour ahead of UTC.
SELECT study('ada', at, done, planned) FROM (VALUES
('2026-02-09 08:00Z', 1, 1), ('2026-02-16 08:59:59Z', 2, 2), ('2026-02-23 08:30Z', 1, 1), ('2026-03-02 08:30Z', 3, 6),  -- Monday 9: 1, 1, 1, 0.5
('2026-02-09 09:00Z', 1, 1), ('2026-02-16 09:00Z', 1, 1), ('2026-02-23 09:00Z', 1, 1),                                  -- Monday 10: 1, 1, 1
('2026-02-10 19:00Z', 0, 4), ('2026-02-17 19:00Z', 0, 1), ('2026-02-24 19:00Z', 1, 1),                                  -- Tuesday 20: 0, 0, 1
('2026-02-11 13:00Z', 1, 1), ('2026-02-18 13:00Z', 1, 1),                                                               -- Wednesday 14: 1, 1
('2026-02-14 14:00Z', 1, 1), ('2026-02-21 14:00Z', 1, 1), ('2026-02-28 14:00Z', 0, 2),                                  -- Saturday 15: 1, 1, 0
('2026-02-14 15:00Z', 0, 1), ('2026-02-21 15:00Z', 0, 1), ('2026-02-28 15:00Z', 0, 1),                                  -- Saturday 16: 0, 0, 0
('2026-02-14 22:00Z', 1, 1), ('2026-02-21 22:00Z', 1, 2), ('2026-02-28 22:00Z', 2, 4),                                  -- Saturday 23: 1, 0.5, 0.5
('2026-02-14 23:10Z', 0, 1),                                                                                            -- Sunday 0: 0
('2026-02-05 23:30Z', 0, 0),                                                                                            -- Friday 0: none planned
('2026-02-02 12:00Z', 1, 1),                                                                                            -- Monday 13: 1, the first moment
('2026-02-02 11:59:59.999999Z', 0, 1),                                                                                  -- too early
('2026-03-16 12:00Z', 0, 1)) AS v (at, done, planned) \g /dev/null
-- Tuesday 1 in Berlin, but midnight in UTC: a day, not an hour
SELECT study('ada', '2026-02-10 00:00Z', 1, 1) \g /dev/null
-- completed at the moment (Monday 12: 0), after it, never
INSERT INTO study_sessions (id, user_id, started_at, completed_at, objective_completions) VALUES
('a1', 'ada', '2026-03-16 11:00Z', '2026-03-16 12:00Z', '[{"completedAt": null}]'), ('a2', 'ada', '2026-03-16 11:00Z', '2026-03-16 12:00:00.000001Z', '[{}]'), ('a3', 'ada', '2026-03-10 11:00Z', NULL, '[{}]');
-- of Wednesday 14 again, with what is no array: nothing planned
INSERT INTO study_sessions (id, user_id, started_at, completed_at, objective_completions) VALUES
('a4', 'ada', '2026-03-11 13:00Z', '2026-03-11 13:30Z', '{"completedAt": "2026-03-11"}'), ('a5', 'ada', '2026-03-04 13:00Z', '2026-03-04 13:30Z', '"x"');
SET btwin.user_id = 'ada';
-- Rated are 4 + 3 + 3 + 2 + 3 + 3 + 3 + 1 + 1 + 1 = 24 sessions, of 3.5 + 3 + 1 + 2 + 2 + 0 + 2 + 0 + 1 + 0 = 14.5 in all: the learner's mean is
-- 15.5 / 26. A cell with total t of n sessions has 100 (t + 10 * 15.5 / 26) / (n + 10). The ends of its interval are the roots p of
-- (p - share)^2 = z^2 p (1 - p) / (n + 10), z = 1.959963984540054.
CREATE TEMP VIEW expected AS
SELECT v.*, 100 * s.share AS score, 100 * (b.half - d.root) / (1 + b.zn) AS low, 100 * (b.half + d.root) / (1 + b.zn) AS high
FROM (VALUES (0, 0, 1, 1, 0.0, NULL::int, NULL::int, NULL::int), (1, 9, 4, 4, 3.5, 1, 9, 11), (1, 10, 3, 3, 3, 1, 9, 11), (1, 12, 1, 1, 0, NULL, NULL, NULL), (1, 13, 1, 1, 1, NULL, NULL, NULL),
             (2, 20, 3, 3, 1, NULL, NULL, NULL), (3, 14, 4, 2, 2, NULL, NULL, NULL), (5, 0, 1, 0, 0, NULL, NULL, NULL), (6, 15, 3, 3, 2, 2, 15, 16), (6, 16, 3, 3, 0, NULL, NULL, NULL), (6, 23, 3, 3, 2, 3, 23, 24))
     AS v (day, hour, sessions, rated, total, rank, start_hour, end_hour)
LEFT JOIN LATERAL (SELECT (v.total + 10 * 15.5 / 26) / (v.rated + 10)) AS s (share) ON v.rated > 0
CROSS JOIN LATERAL (SELECT s.share + 1.959963984540054 ^ 2 / (v.rated + 10) / 2, 1.959963984540054 ^ 2 / (v.rated + 10)) AS b (half, zn)
CROSS JOIN LATERAL (SELECT sqrt(b.half ^ 2 - (1 + b.zn) * s.share ^ 2)) AS d (root);
SELECT results_eq($$SELECT day_of_week, hour_of_day, session_count, evidence_count, round(score::numeric, 9), round(score_low::numeric, 9), round(score_high::numeric, 9), window_rank, window_start_hour, window_end_hour
                    FROM btwin_api.study_time_heatmap(as_of => '2026-03-16 12:00Z')$$,
                  $$SELECT day, hour, sessions, rated, round(score::numeric, 9), round(low::numeric, 9), round(high::numeric, 9), rank, start_hour, end_hour FROM expected$$,
                  'heatmap: cells, shrunk scores and their intervals, the three best windows of the five best cells');
-- the regularized incomplete beta function of the mean, worked out with 30 digits elsewhere: 1 - I(15.5 / 26; t + 155 / 26, n - t + 105 / 26)
SELECT results_eq($$SELECT day_of_week, hour_of_day, round(confidence::numeric, 9), reason, method, version, computed_for FROM btwin_api.study_time_heatmap(as_of => '2026-03-16 12:00Z') WHERE (day_of_week, hour_of_day) IN ((1, 9), (2, 20), (5, 0))$$,
                  $$VALUES (1, 9, 0.749089592, NULL::text, 'btwin', 'heatmap-1', '2026-03-16 12:00Z'::timestamptz), (2, 20, 0.336886672, NULL, 'btwin', 'heatmap-1', '2026-03-16 12:00Z'), (5, 0, NULL, 'not_measured', 'btwin', 'heatmap-1', '2026-03-16 12:00Z')$$,
                  'heatmap: the probability that a cell is better than the mean; a cell without objectives has no score');
-- a rate of 0 and none at all count 50: Monday 9 87.5, Tuesday 20 (50 + 50 + 100)/3, Saturday 15 (100 + 100 + 50)/3, Saturday 16 50, Saturday 23 (100 + 50 + 50)/3,
-- Wednesday 14 (100 + 100 + 50 + 50)/4; the session at midnight counts. The five best with 3 sessions: Monday 10 and 9, Saturday 15, Wednesday 14, Tuesday 20 before
-- Saturday 23 by weekday.
SELECT results_eq($$SELECT day_of_week, hour_of_day, session_count, evidence_count, round(score::numeric, 9)::float8, score_low, score_high, window_rank, window_start_hour, window_end_hour, confidence, reason, method, version
                    FROM btwin_api.study_time_heatmap(method_is => 'epic5', as_of => '2026-03-16 12:00Z')$$,
                  $$VALUES (0, 0, 1, 1, 50::float8, NULL::float8, NULL::float8, NULL::int, NULL::int, NULL::int, 0.02::float8, NULL::text, 'epic5', 'epic5-1'),
                           (1, 9, 4, 4, 87.5, NULL, NULL, 1, 9, 11, 0.08, NULL, 'epic5', 'epic5-1'), (1, 10, 3, 3, 100, NULL, NULL, 1, 9, 11, 0.06, NULL, 'epic5', 'epic5-1'),
                           (1, 12, 1, 1, 50, NULL, NULL, NULL, NULL, NULL, 0.02, NULL, 'epic5', 'epic5-1'), (1, 13, 1, 1, 100, NULL, NULL, NULL, NULL, NULL, 0.02, NULL, 'epic5', 'epic5-1'),
                           (2, 1, 1, 1, 100, NULL, NULL, NULL, NULL, NULL, 0.02, NULL, 'epic5', 'epic5-1'), (2, 20, 3, 3, 66.666666667, NULL, NULL, NULL, NULL, NULL, 0.06, NULL, 'epic5', 'epic5-1'),
                           (3, 14, 4, 4, 75, NULL, NULL, 3, 14, 15, 0.08, NULL, 'epic5', 'epic5-1'), (5, 0, 1, 1, 50, NULL, NULL, NULL, NULL, NULL, 0.02, NULL, 'epic5', 'epic5-1'),
                           (6, 15, 3, 3, 83.333333333, NULL, NULL, 2, 15, 16, 0.06, NULL, 'epic5', 'epic5-1'), (6, 16, 3, 3, 50, NULL, NULL, NULL, NULL, NULL, 0.06, NULL, 'epic5', 'epic5-1'),
                           (6, 23, 3, 3, 66.666666667, NULL, NULL, NULL, NULL, NULL, 0.06, NULL, 'epic5', 'epic5-1')$$, 'heatmap: the reference''s rule');
-- a microsecond later the session at the first moment has left the six weeks; seven weeks reach further
SELECT is((SELECT count(*) FROM btwin_api.study_time_heatmap(as_of => '2026-03-16 12:00:00.000001Z') WHERE (day_of_week, hour_of_day) = (1, 13)), 0::bigint, 'heatmap: the six weeks move on');
SELECT is((SELECT session_count FROM btwin_api.study_time_heatmap(as_of => '2026-03-16 12:30Z') WHERE (day_of_week, hour_of_day) = (1, 13)), 1, 'heatmap: what began at the moment is seen when it is completed');
SELECT is((SELECT session_count FROM btwin_api.study_time_heatmap(as_of => '2026-03-16 12:30:00Z') WHERE (day_of_week, hour_of_day) = (1, 12)), 2, 'heatmap: and so is what was completed after it');
SELECT is((SELECT sum(session_count) FROM btwin_api.study_time_heatmap(weeks => 7, as_of => :M)), 28::bigint, 'heatmap: seven weeks have one session more');
SELECT is((SELECT sum(session_count) FROM btwin_api.study_time_heatmap(as_of => :M)), 27::bigint, 'heatmap: than six');
SELECT is((SELECT sum(session_count) FROM btwin_api.study_time_heatmap(weeks => 1, as_of => :M)), 2::bigint, 'heatmap: one week');
-- one session, in summer time: the mean is 2/3, the cell has (1 + 20/3) / 11 = 23/33
SELECT study('one', '2025-07-02 10:00Z', 1, 1) \g /dev/null
SELECT results_eq($$SELECT day_of_week, hour_of_day, session_count, round(score::numeric, 9), window_rank FROM btwin_api.study_time_heatmap('one', as_of => '2025-07-03Z')$$,
                  $$VALUES (3, 12, 1, round(2300 / 33.0, 9), NULL::integer)$$, 'heatmap: one session');
-- 168 hours, also where the clocks changed in between
SELECT is((SELECT count(*) FROM btwin_api.study_time_heatmap('one', weeks => 20, as_of => '2025-11-19 10:00Z')), 1::bigint, 'heatmap: weeks have 168 hours');
SELECT is((SELECT count(*) FROM btwin_api.study_time_heatmap('one', weeks => 20, as_of => '2025-11-19 10:00:00.000001Z')), 0::bigint, 'heatmap: and no more');
-- six hours in a row of Monday, the first five of them better: one window of five
SELECT study('five', '2026-03-02 08:00Z'::timestamptz + h * interval '1 hour' + d * interval '168 hours' || '', CASE WHEN h < 5 THEN 1 ELSE 0 END, 1) FROM generate_series(0, 5) h, unnest('{0,1,-1}'::integer[]) d \g /dev/null
SELECT results_eq($$SELECT hour_of_day, window_rank, window_start_hour, window_end_hour FROM btwin_api.study_time_heatmap('five', as_of => '2026-03-16 12:00Z')$$,
                  $$VALUES (8, 1, 8, 13), (9, 1, 8, 13), (10, 1, 8, 13), (11, 1, 8, 13), (12, 1, 8, 13), (13, NULL, NULL, NULL)$$, 'heatmap: the five best cells, touching hours together');
-- all alike, the last with a session more: it comes first, so the one before it is left out
SELECT study('tie', '2026-03-02 08:00Z'::timestamptz + h * interval '1 hour' + d * interval '168 hours' || '', 1, 1) FROM generate_series(0, 5) h, generate_series(-2, 1) d WHERE d > -2 OR h = 5 \g /dev/null
SELECT results_eq($$SELECT hour_of_day, window_rank, window_start_hour, window_end_hour FROM btwin_api.study_time_heatmap('tie', method_is => 'epic5', as_of => '2026-03-16 12:00Z')$$,
                  $$VALUES (8, 1, 8, 12), (9, 1, 8, 12), (10, 1, 8, 12), (11, 1, 8, 12), (12, NULL, NULL, NULL), (13, 2, 13, 14)$$, 'heatmap: of equal cells the one with more sessions');
-- nobody completed anything, or everything: the ends stay within 0 and 100
SELECT study('bob', '2026-03-09 08:10Z', 0, 1) \g /dev/null
SELECT results_eq($$SELECT score > 0, score_low >= 0, score_high < 100, confidence > 0 FROM btwin_api.study_time_heatmap('bob', as_of => '2026-03-16 12:00Z')$$, $$VALUES (true, true, true, true)$$, 'heatmap: all zero');
SELECT study('blank', '2026-03-09 08:10Z', 0, 0) \g /dev/null
SELECT results_eq($$SELECT score, score_low, score_high, window_rank, confidence, evidence_count, reason FROM btwin_api.study_time_heatmap('blank', as_of => '2026-03-16 12:00Z')$$,
                  $$VALUES (NULL::float8, NULL::float8, NULL::float8, NULL::integer, NULL::float8, 0, 'not_measured')$$, 'heatmap: nothing was planned');
SELECT is_empty($$SELECT * FROM btwin_api.study_time_heatmap('cora', as_of => '2026-03-16 12:00Z')$$, 'heatmap: an empty learner');
SELECT is(refusal('SELECT * FROM btwin_api.study_time_heatmap(' || arguments || ')'), refused, 'heatmap: ' || arguments)
FROM (VALUES ('weeks => NULL', 'PT400 missing_argument weeks'), ('weeks => 0', 'PT400 out_of_range weeks'), ('weeks => 53', 'PT400 out_of_range weeks'), ('weeks => 1', 'none'), ('weeks => 52', 'none'),
             ('method_is => NULL', 'PT400 missing_argument method_is'), ('method_is => ''EPIC5''', 'PT400 not_allowed_value method_is'), ('as_of => ''infinity''', 'PT400 out_of_range as_of'),
             ('''nobody''', 'PT404 unknown_learner user_id'), ('''off''', 'PT403 analysis_disabled'), ('''off'', weeks => 0', 'PT400 out_of_range weeks')) AS v (arguments, refused);

-- Correlation. Twelve weeks begin on Monday, 2025-12-22 12:00 UTC.

CREATE FUNCTION fill(learner text, week integer, days integer, good integer, reviewed integer, scores float8[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    start_at timestamptz := timestamptz '2025-12-22 12:00Z' + (week - 1) * interval '168 hours';
BEGIN
    INSERT INTO study_sessions (id, user_id, started_at, completed_at)
    SELECT 's' || nextval('number'), learner, start_at + g * interval '24 hours', start_at + g * interval '24 hours' + interval '1 hour' FROM generate_series(0, days - 1) g;
    INSERT INTO reviews (id, user_id, card_id, rating, time_spent_ms, reviewed_at)
    SELECT 'r' || nextval('number'), learner, 'k', CASE WHEN g > good THEN (ARRAY['AGAIN', 'HARD'])[1 + g % 2] ELSE (ARRAY['GOOD', 'EASY'])[1 + g % 2] END, 1, start_at + g * interval '1 minute' FROM generate_series(1, reviewed) g;
    INSERT INTO missions (id, user_id, date, status, completed_at, success_score, objectives)
    SELECT 'm' || nextval('number'), learner, start_at, 'COMPLETED', start_at + interval '3 hours', s, '[]' FROM unnest(scores) s;
END $$;
INSERT INTO courses (id, user_id, name) VALUES ('c', 'bob', 'course');
INSERT INTO cards (id, course_id, front, back) VALUES ('k', 'c', 'f', 'b');
SELECT fill('cora', week, days, good, reviewed, scores) FROM (VALUES (1, 1, 0, 0, '{0.5}'::float8[]), (2, 2, 1, 2, '{0.6}'), (3, 3, 1, 1, '{0.7,0.9}'), (4, 4, 0, 1, '{}'), (5, 5, 3, 4, '{0.9}'), (6, 0, 0, 0, '{0.2}'),
    (7, 1, 2, 4, '{0.4}'), (8, 2, 1, 2, '{0.5}'), (10, 3, 1, 1, '{1}'), (11, 2, 0, 2, '{0.75}'), (12, 1, 1, 2, '{0.85}')) AS v (week, days, good, reviewed, scores) \g /dev/null
-- two days more of week 12 in Berlin: one in UTC
INSERT INTO study_sessions (id, user_id, started_at, completed_at) VALUES ('c1', 'cora', '2026-03-12 22:30Z', '2026-03-12 22:40Z'), ('c2', 'cora', '2026-03-12 23:30Z', '2026-03-12 23:40Z'), ('c3', 'cora', '2026-03-12 23:50Z', '2026-03-12 23:55Z'),
-- never completed; completed after the moment; before the first week, and at the moment
('c4', 'cora', '2026-02-01Z', NULL), ('c5', 'cora', '2026-03-16 11:00Z', '2026-03-16 12:00:00.000001Z'), ('c6', 'cora', '2025-12-22 11:59:59.999999Z', '2025-12-22 12:10Z'), ('c7', 'cora', '2026-03-16 12:00Z', '2026-03-16 12:00Z');
-- week 7: 0.8 and 0.6, first detected in it; at the moment, and before the first week
INSERT INTO behavioral_patterns (id, user_id, pattern_type, pattern_data, confidence, first_detected_at, last_seen_at) VALUES
('b1', 'cora', 'OPTIMAL_STUDY_TIME', '{}', 0.8, '2026-02-02 12:00Z', '2026-03-16Z'), ('b2', 'cora', 'PERFORMANCE_PEAK', '{}', 0.6, '2026-02-09 11:59:59.999999Z', '2026-03-16Z'),
('b3', 'cora', 'FORGETTING_CURVE', '{}', 1, '2026-03-16 12:00Z', '2026-03-16 12:00Z'), ('b4', 'cora', 'FORGETTING_CURVE', '{}', 1, '2025-12-22 11:59:59.999999Z', '2026-03-16Z');
-- week 8: two created, one applied; applied after the moment; others outside
INSERT INTO behavioral_insights (id, user_id, insight_type, title, description, actionable_recommendation, confidence, created_at, acknowledged_at, applied) VALUES
('i1', 'cora', 'RETENTION_STRATEGY', 't', 'd', 'a', 0.9, '2026-02-09 12:00Z', '2026-03-16 12:00Z', true), ('i2', 'cora', 'RETENTION_STRATEGY', 't', 'd', 'a', 0.9, '2026-02-10Z', '2026-03-16 12:00:00.000001Z', true),
('i3', 'cora', 'RETENTION_STRATEGY', 't', 'd', 'a', 0.9, '2026-03-16 12:00Z', NULL, true), ('i4', 'cora', 'RETENTION_STRATEGY', 't', 'd', 'a', 0.9, '2025-12-22 11:59:59.999999Z', NULL, true);
-- not completed; without a score; completed too early and too late; planned too far from the weeks
INSERT INTO missions (id, user_id, date, status, completed_at, success_score, objectives) VALUES
('n1', 'cora', '2026-01-05Z', 'SKIPPED', '2026-01-05Z', 1, '[]'), ('n2', 'cora', '2026-01-05Z', 'COMPLETED', '2026-01-05Z', NULL, '[]'), ('n3', 'cora', '2025-12-22Z', 'COMPLETED', '2025-12-22 11:59:59.999999Z', 1, '[]'),
('n4', 'cora', '2026-03-16Z', 'COMPLETED', '2026-03-16 12:00Z', 1, '[]'), ('n5', 'cora', '2025-09-23 11:59:59.999999Z', 'COMPLETED', '2026-01-05Z', 1, '[]'), ('n6', 'cora', '2026-06-14 12:00Z', 'COMPLETED', '2026-01-05Z', 1, '[]');
SET btwin.user_id = 'cora';
-- behavioral_score: 0.25 min(100, 150 days/7) + 0.25 * 50 + 0.20 * 100 + 0.15 applied + 0.15 good share, rounded
--  1: 5.357 + 12.5 + 20           = 37.857      2: 10.714 + 12.5 + 20 + 7.5  = 50.714      3: 16.071 + 12.5 + 20 + 15 = 63.571      5: 25 + 12.5 + 20 + 11.25 = 68.75
--  6: 12.5, half up               = 13          7: 5.357 + 17.5 + 20 + 7.5   = 50.357      8: 10.714 + 12.5 + 20 + 7.5 + 7.5 = 58.214
-- 10: as 3                                     11: 10.714 + 12.5 + 20        = 43.214     12: 16.071 + 12.5 + 20 + 7.5 = 56.071
SELECT is((SELECT jsonb_agg(jsonb_build_array(e -> 'week_number', e -> 'behavioral_score', round((e -> 'academic_score')::numeric, 9), e -> 'missions')) FROM btwin_api.behavioral_correlation(as_of => :M) d, jsonb_array_elements(d -> 'series') e),
          '[[1, 38, 50, 1], [2, 51, 60, 1], [3, 64, 80, 2], [5, 69, 90, 1], [6, 13, 20, 1], [7, 50, 40, 1], [8, 58, 50, 1], [10, 64, 100, 1], [11, 43, 75, 1], [12, 56, 85, 1]]'::jsonb, 'correlation: both scores, week by week');
SELECT is((SELECT array[d #>> '{series,0,week_start}', d #>> '{series,9,week_start}'] FROM btwin_api.behavioral_correlation(as_of => :M) d), '{2025-12-23T01:00:00+13:00,2026-03-10T01:00:00+13:00}'::text[], 'correlation: when weeks start');
-- r of these ten pairs, t with 8 degrees of freedom by integrating its density, Fisher's interval; each worked out with 30 digits elsewhere
SELECT is((SELECT jsonb_build_array(round((d #> '{correlation,value}')::numeric, 9), round((d -> 'p_value')::numeric, 9), round((d #> '{correlation,low}')::numeric, 9), round((d #> '{correlation,high}')::numeric, 9),
                                    round((d #> '{correlation,confidence}')::numeric, 9)) FROM btwin_api.behavioral_correlation(as_of => :M) d),
          '[0.794187800, 0.006072519, 0.329150336, 0.949183123, 0.996963741]'::jsonb, 'correlation: r, exact p, interval');
SELECT is((SELECT d - 'series' - 'p_value' #- '{correlation,value}' #- '{correlation,low}' #- '{correlation,high}' #- '{correlation,confidence}' FROM btwin_api.behavioral_correlation(as_of => :M) d),
          '{"correlation": {"evidence_count": 10, "method": "btwin", "version": "correlation-1", "computed_for": "2026-03-17T01:00:00+13:00", "reasons": ["weekly score of study behaviour", "weekly mean success of completed missions"], "reason": null},
            "n": 10, "strength": "STRONG", "direction": "POSITIVE", "significant": true,
            "insights": ["A correlation does not say what causes what.", "By chance alone a correlation like this one would be rare.", "Over 10 weeks study behaviour and success of missions go together strongly."],
            "data_quality": {"sample_size": 10, "weeks_of_data": 11, "missing_data_points": 2},
            "caveats": ["Weeks that follow each other resemble each other (autocorrelation): the true p-value is larger, the interval wider.",
                        "The success of a mission contains behaviour itself, as objectives completed and time kept: part of the correlation is built in.",
                        "Nothing here was varied on purpose: what is common to both scores may be the cause of both."]}'::jsonb, 'correlation: the other keys');
-- the confidence a pattern had at the moment, not what it became
INSERT INTO btwin.pattern_history (user_id, pattern_id, changed_at, change, pattern_type, pattern_name, confidence, method, version) VALUES
('cora', 'b1', '2026-02-02 12:00Z', 'CREATED', 'OPTIMAL_STUDY_TIME', 'x', 0.2, 'btwin', 'pattern-1'), ('cora', 'b1', '2026-03-16 12:00:00.000001Z', 'UPDATED', 'OPTIMAL_STUDY_TIME', 'x', 0.8, 'btwin', 'pattern-1');
SELECT is((SELECT e -> 'behavioral_score' FROM btwin_api.behavioral_correlation(as_of => :M) d, jsonb_array_elements(d -> 'series') e WHERE e ->> 'week_number' = '7'), '43', 'correlation: 5.357 + 10 + 20 + 7.5 = 42.857 with mean confidence 0.4');
-- a date 90 days before the first week, or just not 90 days after the last, is near enough
INSERT INTO missions (id, user_id, date, status, completed_at, success_score, objectives) VALUES ('n7', 'cora', '2025-09-23 12:00Z', 'COMPLETED', '2026-02-17Z', 0.25, '[]'), ('n8', 'cora', '2026-06-14 11:59:59Z', 'COMPLETED', '2026-02-17Z', 0.75, '[]'),
('n9', 'cora', '2026-02-17Z', 'COMPLETED', '2025-12-22 12:00Z', 1, '[]');
SELECT is((SELECT jsonb_agg(e) FROM btwin_api.behavioral_correlation(as_of => :M) d, jsonb_array_elements(d -> 'series') e WHERE e ->> 'week_number' IN ('1', '9')),
          '[{"week_number": 1, "week_start": "2025-12-23T01:00:00+13:00", "behavioral_score": 38, "academic_score": 75, "missions": 2}, {"week_number": 9, "week_start": "2026-02-17T01:00:00+13:00", "behavioral_score": 13, "academic_score": 50, "missions": 2}]'::jsonb,
          'correlation: missions at the ends of the weeks and of their dates');
DELETE FROM missions WHERE id IN ('n7', 'n8', 'n9');
UPDATE missions SET success_score = NULL WHERE user_id = 'cora' AND success_score = 0.2;
SELECT is(refusal('SELECT btwin_api.behavioral_correlation(as_of => ''2026-03-16 12:00Z'')'), 'PT422 insufficient_data', 'correlation: nine weeks are too few');
SELECT throws_like('SELECT btwin_api.behavioral_correlation(as_of => ''2026-03-16 12:00Z'')', 'only 9 weeks %', 'correlation: and it says so');
SELECT is(refusal($$SELECT btwin_api.behavioral_correlation(f, as_of => '2026-03-16 12:00Z') FROM unnest('{$$ || who || $$}'::text[]) f$$), 'PT422 insufficient_data', 'correlation: ' || who) FROM unnest('{one,bob}'::text[]) who;

-- scores just below and just at a half, so that a part that is one in a hundred off shows:
-- 1: 21.429 + 12.5 + 20 + 7.5 = 61.429   2: 25 + 12.5 + 20 + 3.75 = 61.25   3: 25 (a pattern of confidence 1) + 10.5 = 35.5   4: 12.5 + 3.75 = 16.25
-- 5: 12.5 + 13.846 = 26.346              6: 5.357 + 12.5 + 20 + 11.538 (10 of 13 applied) = 49.396   7: 12.5 + 15 (all applied) = 27.5   8: as 6, with 10 of 13 good
-- 9: 10.714 + 12.5 + 20 = 43.214        10: 16.071 + 12.5 + 20 = 48.571
SELECT fill('tune', week, days, good, reviewed, '{0.5}') FROM (VALUES (1, 4, 1, 2), (2, 5, 1, 4), (3, 0, 7, 10), (4, 0, 1, 4), (5, 0, 12, 13), (6, 1, 0, 0), (7, 0, 0, 0), (8, 1, 10, 13), (9, 2, 0, 0), (10, 3, 0, 0)) AS v (week, days, good, reviewed) \g /dev/null
INSERT INTO behavioral_patterns (id, user_id, pattern_type, pattern_data, confidence, first_detected_at, last_seen_at) VALUES ('t1', 'tune', 'OPTIMAL_STUDY_TIME', '{}', 1, '2026-01-06Z', '2026-03-01Z');
INSERT INTO behavioral_insights (id, user_id, insight_type, title, description, actionable_recommendation, confidence, created_at, applied)
SELECT 'u' || g, 'tune', 'RETENTION_STRATEGY', 't', 'd', 'a', 0.9, CASE WHEN g <= 13 THEN timestamptz '2026-01-27Z' ELSE '2026-02-03Z' END, g <= 10 OR g > 13 FROM generate_series(1, 14) g;
-- a success that is none does not count
DO $$DECLARE c name; BEGIN FOR c IN SELECT conname FROM pg_constraint WHERE contype = 'c' AND conrelid = 'missions'::regclass LOOP EXECUTE format('ALTER TABLE missions DROP CONSTRAINT %I', c); END LOOP; END$$;
SELECT fill('tune', 1, 0, 0, 0, '{1.5,-0.5,NaN}') \g /dev/null
SELECT is((SELECT jsonb_agg(jsonb_build_array(e -> 'behavioral_score', e -> 'academic_score', e -> 'missions')) FROM btwin_api.behavioral_correlation('tune', as_of => :M) d, jsonb_array_elements(d -> 'series') e),
          '[[61, 50, 1], [61, 50, 1], [36, 50, 1], [16, 50, 1], [26, 50, 1], [49, 50, 1], [28, 50, 1], [49, 50, 1], [43, 50, 1], [49, 50, 1]]'::jsonb, 'correlation: every part of the score');

-- nothing varies: success is 0.7, once as the mean of several, which differs in the last digit; behaviour does vary
SELECT fill('flat', week, week % 3, 1, 2, CASE WHEN week = 5 THEN '{0.7,0.7,0.7}' ELSE '{0.7}' END::float8[]) FROM generate_series(1, 12) week \g /dev/null
SELECT is((SELECT jsonb_build_array(d #> '{correlation,value}', d #> '{correlation,low}', d #> '{correlation,high}', d #> '{correlation,confidence}', d #> '{correlation,reason}', d -> 'p_value', d -> 'strength', d -> 'direction', d -> 'significant', d -> 'n', d -> 'insights')
           FROM btwin_api.behavioral_correlation('flat', as_of => :M) d),
          '[null, null, null, 0, "zero_variance", null, null, "NONE", false, 12, ["A correlation does not say what causes what.", "One of the two scores did not vary, so nothing can be said of how they go together."]]'::jsonb, 'correlation: no variance');
UPDATE missions SET success_score = 0.5 + 1e-11 * (extract(day FROM date)::integer % 2) WHERE user_id = 'flat';
SELECT is((SELECT d #>> '{correlation,reason}' FROM btwin_api.behavioral_correlation('flat', as_of => :M) d), NULL, 'correlation: a little variance is enough, 1e-9 points');
UPDATE missions SET success_score = 0.5 + 5e-12 * (extract(day FROM date)::integer % 2) WHERE user_id = 'flat';
SELECT is((SELECT d #>> '{correlation,reason}' FROM btwin_api.behavioral_correlation('flat', as_of => :M) d), 'zero_variance', 'correlation: half of that is none');
DELETE FROM study_sessions WHERE user_id = 'flat';
UPDATE missions SET success_score = 0.5 + 0.01 * extract(day FROM date) WHERE user_id = 'flat';
SELECT is((SELECT d #>> '{correlation,reason}' FROM btwin_api.behavioral_correlation('flat', as_of => :M) d), 'zero_variance', 'correlation: behaviour does not vary');

-- on a line: d days give 13, 38, 43, 49, 54, 58 (0.25 * 150 d/7 + 12.5 + 20, at most 57.5)
SELECT fill('line', week, week % 6, 0, 0, ARRAY[(ARRAY[13, 38, 43, 49, 54, 58])[1 + week % 6] / 100.0]) FROM generate_series(1, 12) week \g /dev/null
SELECT is((SELECT jsonb_build_array(round((d #> '{correlation,value}')::numeric, 12), round((d -> 'p_value')::numeric, 12), round((d #> '{correlation,low}')::numeric, 6), round((d #> '{correlation,high}')::numeric, 6), d -> 'direction', d -> 'strength', d -> 'significant')
           FROM btwin_api.behavioral_correlation('line', as_of => :M) d), '[1, 0, 1, 1, "POSITIVE", "STRONG", true]'::jsonb, 'correlation: all on a line');
UPDATE missions SET success_score = 1 - success_score WHERE user_id = 'line';
SELECT is((SELECT jsonb_build_array(round((d #> '{correlation,value}')::numeric, 12), round((d -> 'p_value')::numeric, 12), round((d #> '{correlation,low}')::numeric, 6), round((d #> '{correlation,high}')::numeric, 6), d -> 'direction', d #> '{insights,2}')
           FROM btwin_api.behavioral_correlation('line', as_of => :M) d),
          '[-1, 0, -1, -1, "NEGATIVE", "Over 12 weeks study behaviour and success of missions go together strongly. When one is high the other tends to be low."]'::jsonb, 'correlation: on a falling line');
-- where rounding takes corr() to 1 + 2^-52 and its negative: no more than 1, and p is that of 1
INSERT INTO users (id) VALUES ('over');
SELECT fill('over', week::integer, d, 0, 0, ARRAY[(ARRAY[13, 38, 43, 49, 54, 58])[1 + d] / 100.0]) FROM unnest('{1,4,3,2,2,4,5,2,4,3,3,3}'::integer[]) WITH ORDINALITY AS w (d, week) \g /dev/null
SELECT is((SELECT jsonb_build_array(d #> '{correlation,value}', d #> '{correlation,low}', d #> '{correlation,high}', d -> 'p_value') FROM btwin_api.behavioral_correlation('over', as_of => :M) d), '[1, 1, 1, 0]'::jsonb, 'correlation: beyond a rising line');
UPDATE missions SET success_score = 1 - success_score WHERE user_id = 'over';
SELECT is((SELECT jsonb_build_array(d #> '{correlation,value}', d #> '{correlation,low}', d #> '{correlation,high}', d -> 'p_value') FROM btwin_api.behavioral_correlation('over', as_of => :M) d), '[-1, -1, -1, 0]'::jsonb, 'correlation: beyond a falling line');
-- 0 and 1 only, both binary: r is 1 to the last digit
DELETE FROM study_sessions WHERE user_id = 'line';
UPDATE missions SET success_score = CASE WHEN extract(day FROM date AT TIME ZONE 'UTC')::integer % 2 = 0 THEN 0 ELSE 1 END WHERE user_id = 'line';
INSERT INTO study_sessions (id, user_id, started_at, completed_at) SELECT 'l' || m.id, 'line', m.date, m.date FROM missions m WHERE m.user_id = 'line' AND m.success_score = 1;
SELECT is((SELECT jsonb_build_array(round((d #> '{correlation,value}')::numeric, 14), d #> '{correlation,confidence}') FROM btwin_api.behavioral_correlation('line', as_of => :M) d), '[1, 1]'::jsonb, 'correlation: exactly 1');

-- a session in every other week, success in two of four: nothing in common
DELETE FROM study_sessions WHERE user_id = 'line';
INSERT INTO study_sessions (id, user_id, started_at, completed_at) SELECT 'l' || w, 'line', timestamptz '2025-12-22 12:00Z' + (w - 1) * interval '168 hours', timestamptz '2025-12-22 12:10Z' + (w - 1) * interval '168 hours' FROM generate_series(1, 12) w WHERE w % 2 = 1;
UPDATE missions m SET success_score = w / 2 % 2 FROM generate_series(1, 12) w WHERE m.user_id = 'line' AND m.date = timestamptz '2025-12-22 12:00Z' + (w - 1) * interval '168 hours';
SELECT is((SELECT jsonb_build_array(d #> '{correlation,value}', d -> 'p_value', d -> 'direction', d -> 'strength', d #> '{correlation,confidence}') FROM btwin_api.behavioral_correlation('line', as_of => :M) d), '[0, 1, "NONE", "NEGLIGIBLE", 0.5]'::jsonb, 'correlation: none at all');

-- any correlation that is wanted: success = 0.5 + 0.05 (r x + sqrt(1 - r^2) e), where x is behaviour and e something at right angles to it, both standardized
SELECT fill('rita', week, week % 6, 0, 0, '{0.5}') FROM generate_series(1, 12) week \g /dev/null
CREATE FUNCTION correlate(r float8) RETURNS void LANGUAGE sql AS $$
WITH x AS (SELECT week, (ARRAY[13, 38, 43, 49, 54, 58])[1 + week % 6]::float8 AS x, (week * week % 7)::float8 AS w FROM generate_series(1, 12) week),
     e AS (SELECT x.week, x.x, x.w - l.a - l.b * x.x AS e FROM x, (SELECT regr_intercept(w, x) AS a, regr_slope(w, x) AS b FROM x) l)
UPDATE missions m SET success_score = 0.5 + 0.05 * (r * (e.x - s.mx) / s.sx + sqrt(1 - r * r) * e.e / s.se)
FROM e, (SELECT avg(x) AS mx, stddev_pop(x) AS sx, stddev_pop(e) AS se FROM e) s
WHERE m.user_id = 'rita' AND m.date = timestamptz '2025-12-22 12:00Z' + (e.week - 1) * interval '168 hours'
$$;
CREATE FUNCTION asked(r float8) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    d jsonb;
BEGIN
    PERFORM correlate(r);
    d := btwin_api.behavioral_correlation('rita', as_of => '2026-03-16 12:00Z');
    RETURN jsonb_build_array(round((d #> '{correlation,value}')::numeric, 10), d -> 'strength', d -> 'direction', d -> 'significant');
END $$;
-- p reaches 0.05 at r = 0.575982986...
SELECT is(asked(r::float8), expected::jsonb, 'correlation: ' || r) FROM (VALUES
(0.7000001, '[0.7000001, "STRONG", "POSITIVE", true]'), (0.6999999, '[0.6999999, "MODERATE", "POSITIVE", true]'), (0.4000001, '[0.4000001, "MODERATE", "POSITIVE", false]'), (0.3999999, '[0.3999999, "WEAK", "POSITIVE", false]'),
(0.2000001, '[0.2000001, "WEAK", "POSITIVE", false]'), (0.1999999, '[0.1999999, "NEGLIGIBLE", "POSITIVE", false]'), (-0.2000001, '[-0.2000001, "WEAK", "NEGATIVE", false]'), (-0.7000001, '[-0.7000001, "STRONG", "NEGATIVE", true]'),
(0.5759831, '[0.5759831, "MODERATE", "POSITIVE", true]'), (0.5759829, '[0.5759829, "MODERATE", "POSITIVE", false]')) AS v (r, expected);
-- n = 12, r = 0.5: p = 0.098 where the reference has 0.237
SELECT correlate(0.5) \g /dev/null
SELECT is((SELECT jsonb_build_array(round((d -> 'p_value')::numeric, 9), d #> '{insights,1}', d #> '{insights,2}') FROM btwin_api.behavioral_correlation('rita', as_of => :M) d),
          '[0.097854614, "A correlation like this one would often come about by chance.", "Over 12 weeks study behaviour and success of missions go together moderately."]'::jsonb, 'correlation: exact p');
SELECT correlate(0.3) \g /dev/null
SELECT is((SELECT d #>> '{insights,2}' FROM btwin_api.behavioral_correlation('rita', as_of => :M) d), 'Over 12 weeks study behaviour and success of missions go together weakly.', 'correlation: weak');
SELECT correlate(-0.1) \g /dev/null
SELECT is((SELECT d #>> '{insights,2}' FROM btwin_api.behavioral_correlation('rita', as_of => :M) d), 'Over 12 weeks study behaviour and success of missions go together hardly or not.', 'correlation: negligible');

-- the last four weeks: behaviour 73, 69, 69, 69 with 5 or 4 days and good answers only: the mean is 70; one day more makes it 71
CREATE FUNCTION late(days integer[], good integer, reviewed integer, score float8) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM study_sessions WHERE user_id = 'flat';
    DELETE FROM reviews WHERE user_id = 'flat';
    DELETE FROM missions WHERE user_id = 'flat';
    PERFORM fill('flat', week, CASE WHEN week > 8 THEN days[week - 8] ELSE 7 * (week % 2) END, good, reviewed, ARRAY[CASE WHEN week > 8 THEN score ELSE 0.6 + 0.01 * week END]) FROM generate_series(1, 12) week;
    RETURN btwin_api.behavioral_correlation('flat', as_of => '2026-03-16 12:00Z') #>> '{insights,3}';
END $$;
SELECT is(late('{5,5,4,4}', 1, 1, 0.701), 'In the last four of these weeks both were high.', 'correlation: both above 70');
UPDATE missions SET success_score = 0.6 WHERE user_id = 'flat' AND date = '2026-02-16 12:00Z';
SELECT is(btwin_api.behavioral_correlation('flat', as_of => :M) #>> '{insights,3}', NULL, 'correlation: the first of the four counts, success');
SELECT is(late('{0,5,5,5}', 1, 1, 0.701), NULL, 'correlation: and behaviour');
SELECT is(late('{5,4,4,4}', 1, 1, 0.701), NULL, 'correlation: behaviour is 70');
SELECT is(late('{5,5,4,4}', 1, 1, 0.7), NULL, 'correlation: success is 70');
-- one day and 4 of 5 answers good: 5.357 + 12.5 + 20 + 12 = 49.857, rounded 50; without a day 24.5, rounded 25
SELECT is(late('{1,1,1,1}', 4, 5, 0.499), NULL, 'correlation: behaviour is 50');
SELECT is(late('{1,1,1,0}', 4, 5, 0.499), 'In the last four of these weeks both were low.', 'correlation: both below 50');
SELECT is(late('{1,1,1,0}', 4, 5, 0.5), NULL, 'correlation: success is 50');
SELECT is((SELECT d -> 'data_quality' FROM btwin_api.behavioral_correlation('flat', weeks => 52, as_of => :M) d), '{"sample_size": 12, "weeks_of_data": 12, "missing_data_points": 40}'::jsonb, 'correlation: a year');
SELECT is((SELECT d #> '{series,0,week_number}' FROM btwin_api.behavioral_correlation('flat', weeks => 52, as_of => :M) d), '41', 'correlation: the oldest week is 1');
SELECT is(refusal('SELECT * FROM btwin_api.behavioral_correlation(' || arguments || ')'), refused, 'correlation: ' || arguments)
FROM (VALUES ('weeks => NULL', 'PT400 missing_argument weeks'), ('weeks => 7', 'PT400 out_of_range weeks'), ('weeks => 53', 'PT400 out_of_range weeks'), ('weeks => 8', 'PT422 insufficient_data'), ('weeks => 52', 'none'),
             ('as_of => ''infinity''', 'PT400 out_of_range as_of'), ('''nobody''', 'PT404 unknown_learner user_id'), ('''off''', 'PT403 analysis_disabled'), ('''off'', weeks => 0', 'PT400 out_of_range weeks')) AS v (arguments, refused);

-- anywhere: read only, and whatever the search path
SET btwin.user_id = 'flat';
BEGIN READ ONLY;
SET LOCAL search_path = '';
SELECT (SELECT count(*) FROM btwin_api.study_time_heatmap('ada', as_of => :M)) AS cells, btwin_api.behavioral_correlation(as_of => :M) ->> 'n' AS weeks \gset
COMMIT;
SELECT is(:'cells' || ' ' || :'weeks', '11 12', 'read only, with an empty search path');
CREATE ROLE btwin_api_study_time_learner;
GRANT USAGE ON SCHEMA btwin, btwin_api TO btwin_api_study_time_learner;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA btwin_api TO btwin_api_study_time_learner;
GRANT SELECT ON ALL TABLES IN SCHEMA btwin, public TO btwin_api_study_time_learner;
SET ROLE btwin_api_study_time_learner;
SELECT is(refusal('SELECT * FROM btwin_api.' || f), 'PT403 forbidden', 'a learner, of another and of an unknown one: ' || f)
FROM unnest('{study_time_heatmap(''ada''),study_time_heatmap(''nobody''),behavioral_correlation(''ada''),behavioral_correlation(''nobody'')}'::text[]) AS f;
SET btwin.user_id = 'nobody';
SELECT is((SELECT count(*) FROM btwin_api.study_time_heatmap(as_of => :M)), 0::bigint, 'a learner who is not among the users: nothing');
SELECT is(refusal('SELECT btwin_api.behavioral_correlation(as_of => ''2026-03-16 12:00Z'')'), 'PT422 insufficient_data', 'and too little for a correlation');
SET btwin.user_id = '';
SELECT is(refusal('SELECT * FROM btwin_api.' || f || '()'), 'PT403 no_claim', 'nobody knows who: ' || f) FROM unnest('{study_time_heatmap,behavioral_correlation}'::text[]) AS f;
RESET ROLE;
REVOKE ALL ON ALL TABLES IN SCHEMA btwin, public FROM btwin_api_study_time_learner;
REVOKE ALL ON SCHEMA btwin, btwin_api FROM btwin_api_study_time_learner;
DROP OWNED BY btwin_api_study_time_learner;
DROP ROLE btwin_api_study_time_learner;
SELECT is(refusal('SELECT * FROM btwin_api.' || f || '()'), 'PT400 user_required user_id', 'a service names the learner: ' || f) FROM unnest('{study_time_heatmap,behavioral_correlation}'::text[]) AS f;
SELECT * FROM finish();
