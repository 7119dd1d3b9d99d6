-- Cognitive load: as last measured, over time, in a few numbers, from study
-- history; and the calendar. Everything is asked for 2026-03-16 12:00 UTC.
\set QUIET on
SET client_min_messages = warning;
SET DateStyle = 'ISO, YMD';
SET timezone = 'UTC';
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS btwin;
SELECT plan(120);
\set m '''2026-03-16 12:00+00''::timestamptz'

\ir api_helpers.psql
SELECT is(pg_temp.refusal($$SELECT btwin_api.cognitive_load_current('ann')$$), 'PT400 not_attached', 'before attach');
CREATE TEMP TABLE attached AS SELECT * FROM btwin.attach('public');
ALTER TABLE cognitive_load_metrics ALTER confidence_level SET DEFAULT 0.5;

-- rows: learner, hours before the moment, load
CREATE TEMP SEQUENCE row_number;
CREATE FUNCTION pg_temp.load(learner text, hours float8, score float8, session text DEFAULT NULL, indicators jsonb DEFAULT '[]', confidence float8 DEFAULT 0.5, id text DEFAULT NULL)
RETURNS void LANGUAGE sql AS $$
INSERT INTO users (id) VALUES (learner) ON CONFLICT DO NOTHING;
INSERT INTO cognitive_load_metrics (id, user_id, timestamp, load_score, session_id, stress_indicators, confidence_level)
VALUES (coalesce(id, 'l' || nextval('row_number')), learner, '2026-03-16 12:00+00'::timestamptz - hours * interval '1 hour', score, session, indicators, confidence)
$$;
CREATE FUNCTION pg_temp.now(learner text, as_of timestamptz DEFAULT '2026-03-16 12:00+00') RETURNS jsonb LANGUAGE sql AS
$$SELECT btwin_api.cognitive_load_current(learner, as_of)$$;

-- cognitive_load_current

INSERT INTO users (id) VALUES ('nobody'), ('stranger');
INSERT INTO users (id, behavioral_analysis_enabled) VALUES ('off', false);
SELECT is(pg_temp.now('nobody'),
    '{"load": {"value": null, "low": null, "high": null, "confidence": null, "evidence_count": 0, "method": "btwin", "version": "load-1", "computed_for": "2026-03-16T12:00:00+00:00", "reasons": [], "reason": "no_rows"},
      "load_score": null, "load_level": null, "stress_indicators": [], "timestamp": null, "trend": null, "trend_delta": null, "trend_reason": "no_rows", "session_active": false,
      "session_id": null, "confidence_level": null, "overload_detected": false, "recommendations": []}', 'the empty learner');

-- 24 hours apart to the microsecond, 61 after 50: up by 11; a row at the moment itself does not count
INSERT INTO study_sessions (id, user_id, started_at) VALUES ('s1', 'nobody', :m - interval '1 hour');
SELECT pg_temp.load('ann', 25, 50), pg_temp.load('ann', 0, 5), pg_temp.load('ann', 1, 61, 's1',
    '[{"type": "DURATION_STRESS", "severity": "LOW", "value": 70, "contribution": 10}, {"type": "RESPONSE_LATENCY", "severity": "HIGH", "value": 3000.5, "contribution": 75, "more": 1},
      7, {"type": "ERROR_RATE", "severity": "HIGH", "value": "x"}]', 0.9, 'ann-1') \g /dev/null
UPDATE study_sessions SET user_id = 'ann' WHERE id = 's1';
SELECT is(pg_temp.now('ann'),
    -- reasons by contribution, unknown last; advice: of the level, then of the indicators in their order
    '{"load": {"value": 61, "low": null, "high": null, "confidence": 0.9, "evidence_count": null, "method": "application", "version": null, "computed_for": null,
               "reasons": ["Answers take longer than usual.", "The session is long.", "More answers than usual are wrong."], "reason": null},
      "load_score": 61, "load_level": "HIGH",
      "stress_indicators": [{"type": "DURATION_STRESS", "severity": "LOW", "value": 70, "contribution": 10}, {"type": "RESPONSE_LATENCY", "severity": "HIGH", "value": 3000.5, "contribution": 75},
                            {"type": "ERROR_RATE", "severity": "HIGH", "value": null, "contribution": null}],
      "timestamp": "2026-03-16T11:00:00+00:00", "trend": "up", "trend_delta": 11, "trend_reason": null, "session_active": true, "session_id": "s1", "confidence_level": 0.9,
      "overload_detected": true,
      "recommendations": ["Go on with material one level easier.", "Pause for 5 minutes in every 20.", "Four parts of review to one part of new material.",
                          "Take a break of 15 minutes before going on.", "Take more time to read each question.", "Go back to the basics of what went wrong."]}',
    'a measurement of an hour ago');
SELECT is(pg_temp.now('ann', :m - interval '1 hour') #>> '{timestamp}', '2026-03-15T11:00:00+00:00', 'as of the moment it was written, the one before it');
SELECT is(pg_temp.now('ann', :m - interval '1 hour') -> 'trend_reason', '"no_history"', 'which has none before');
SELECT is(pg_temp.now('ann', :m + interval '1 microsecond') #>> '{load_score}', '5', 'a microsecond later the row of the moment');
INSERT INTO btwin.provenance (user_id, kind, id, method, version, computed_for, evidence_count, low, high) VALUES ('ann', 'cognitive_load_metrics', 'ann-1', 'btwin', 'load-1', :m, 33, 50, 70),
    ('ann', 'other', 'ann-1', 'x', 'x', :m, 1, 1, 1), ('nobody', 'cognitive_load_metrics', 'ann-1', 'x', 'x', :m, 1, 1, 1);
SELECT is((pg_temp.now('ann') -> 'load') - 'reasons',
          '{"value": 61, "low": 50, "high": 70, "confidence": 0.9, "evidence_count": 33, "method": "btwin", "version": "load-1", "computed_for": "2026-03-16T12:00:00+00:00", "reason": null}',
          'where the measurement comes from');

-- trend: more than 10 points, not more than 24 hours
SELECT pg_temp.load('t1', 2, 50), pg_temp.load('t1', 1, 60), pg_temp.load('t2', 2, 50), pg_temp.load('t2', 1, 40), pg_temp.load('t3', 2, 50), pg_temp.load('t3', 1, 39.9),
       pg_temp.load('t4', 25.001, 50), pg_temp.load('t4', 1, 90), pg_temp.load('t5', 2, 50), pg_temp.load('t5', 1, 60.1) \g /dev/null
SELECT is((SELECT string_agg(concat_ws(' ', l, pg_temp.now(l) ->> 'trend', pg_temp.now(l) ->> 'trend_reason'), ', ' ORDER BY l) FROM unnest('{t1,t2,t3,t4,t5}'::text[]) l),
          't1 stable, t2 stable, t3 down, t4 no_history, t5 up', 'trend at its limits');
SELECT is(pg_temp.now('t4') -> 'trend_delta', 'null', 'no difference to what is too old');
SELECT is(pg_temp.now('t2') -> 'trend_delta', '-10', 'a fall is negative');
-- equal times: the larger id is the newer
SELECT pg_temp.load('t6', 1, 20, id => 'x-1'), pg_temp.load('t6', 1, 70, id => 'x-2'), pg_temp.load('t6', 1, 30, id => 'x-0') \g /dev/null
SELECT is(concat_ws(' ', pg_temp.now('t6') ->> 'load_score', pg_temp.now('t6') ->> 'trend_delta'), '70 50', 'equal times: the larger id is newer');
-- weeks ago is still the last; before 2000 is not
SELECT pg_temp.load('t7', 300, 30), pg_temp.load('t7', 310, 10), pg_temp.load('t8', 167, 80), pg_temp.load('t8', 169, 20) \g /dev/null
SELECT is(concat_ws(' ', pg_temp.now('t7') ->> 'load_score', pg_temp.now('t7') ->> 'trend_delta'), '30 20', 'weeks ago');
SELECT is(concat_ws(' ', pg_temp.now('t8') ->> 'load_score', pg_temp.now('t8') ->> 'trend_delta'), '80 60', 'a week ago, on both sides of it');
INSERT INTO cognitive_load_metrics (user_id, timestamp, load_score, stress_indicators) VALUES ('stranger', '1999-12-31 23:59:59+00', 10, '[]'), ('stranger', '1999-12-31 12:00+00', 20, '[]');
SELECT is(pg_temp.now('stranger') -> 'trend_reason', '"no_rows"', 'nothing before 2000');
SELECT is(pg_temp.now('stranger', '2000-01-02') -> 'trend_reason', '"no_rows"', 'nor within a week of it');
INSERT INTO cognitive_load_metrics (user_id, timestamp, load_score, stress_indicators) VALUES ('stranger', '2000-01-01 00:00+00', 10, '[]');
SELECT is(pg_temp.now('stranger') ->> 'load_score', '10', 'from then on');

-- levels, overload and advice at their limits
SELECT pg_temp.load('v' || replace(v::text, '.', '_'), 1, v) FROM unnest('{39.9,40,59.9,60,79.9,80}'::float8[]) v \g /dev/null
SELECT is((SELECT string_agg(concat_ws(' ', v, d ->> 'load_level', d ->> 'overload_detected', jsonb_array_length(d -> 'recommendations'), d -> 'recommendations' ->> 0), '; ' ORDER BY v)
           FROM unnest('{39.9,40,59.9,60,79.9,80}'::float8[]) v, pg_temp.now('v' || replace(v::text, '.', '_')) d),
          '39.9 LOW false 0; 40 MODERATE false 3 Keep the present difficulty.; 59.9 MODERATE false 3 Keep the present difficulty.; '
          '60 HIGH false 3 Go on with material one level easier.; 79.9 HIGH false 3 Go on with material one level easier.; 80 CRITICAL true 3 Take a break of ten minutes now.', 'levels');
SELECT is(pg_temp.now('v80') -> 'recommendations', '["Take a break of ten minutes now.", "After the break, only review what you know.", "Consider ending the session."]', 'critical');
SELECT is(pg_temp.now('v40') -> 'recommendations', '["Keep the present difficulty.", "Use a hint where an answer does not come.", "Take a break every 30 minutes."]', 'moderate');
SELECT is(btwin._is_overload(10, '[{"severity": "HIGH"}, {"severity": "MEDIUM"}, {"severity": "LOW"}]'), false, 'one HIGH indicator is no overload');
SELECT is(btwin._is_overload(10, '[{"severity": "HIGH"}, {"severity": "LOW"}, {"severity": "HIGH"}]'), true, 'two are');
SELECT is(btwin._is_overload(10, '{"severity": "HIGH"}'), false, 'what is no array counts as what it is');
SELECT pg_temp.load('i1', 1, 10, indicators => '{"type": "ERROR_RATE"}'), pg_temp.load('i2', 1, 10, indicators => '[{"type": "ERROR_RATE", "severity": "MEDIUM", "contribution": 1e400}, {"type": "RESPONSE_LATENCY", "severity": "LOW"}]') \g /dev/null
SELECT is(pg_temp.now('i1') -> 'stress_indicators', '[]', 'indicators that are no array');
SELECT is(pg_temp.now('i2') -> 'recommendations', '[]', 'no advice for what is not HIGH');
SELECT is(pg_temp.now('i2') #> '{load,reasons}', '["More answers than usual are wrong.", "Answers take longer than usual."]', 'but a reason, largest first');

-- the session: the learner's, begun, not completed
INSERT INTO users (id) SELECT 'a' || n FROM generate_series(2, 6) n;
INSERT INTO study_sessions (id, user_id, started_at, completed_at) VALUES
    ('s2', 'a2', :m - interval '1 hour', :m), ('s3', 'a3', :m - interval '1 hour', :m + interval '1 microsecond'), ('s4', 'ann', :m - interval '1 hour', NULL), ('s5', 'a5', :m, NULL), ('s6', 'a6', :m - interval '1 microsecond', NULL);
SELECT pg_temp.load('a' || n, 1, 10, 's' || n) FROM generate_series(2, 6) n \g /dev/null
SELECT is((SELECT string_agg(n || ' ' || (pg_temp.now('a' || n) ->> 'session_active'), ', ' ORDER BY n) FROM generate_series(2, 6) n),
          '2 false, 3 true, 4 false, 5 false, 6 true', 'completed by then, completed later, of another learner, begun at the moment, begun before');

-- rows of an adopted table that are no loads
BEGIN;
ALTER TABLE cognitive_load_metrics DROP CONSTRAINT cognitive_load_metrics_load_score_check, DROP CONSTRAINT cognitive_load_metrics_confidence_level_check;
SELECT pg_temp.load('n1', 3, 0, confidence => -0.1), pg_temp.load('n1', 2, 'NaN'), pg_temp.load('n1', 2, -0.1), pg_temp.load('n1', 2, 100.1), pg_temp.load('n1', 4, 100, confidence => 1.1),
       pg_temp.load('n1', 5, 50, confidence => 1), pg_temp.load('n1', 6, 50, confidence => 0) \g /dev/null
SELECT is(concat_ws(' ', d ->> 'load_score', d ->> 'trend_delta', d ->> 'confidence_level'), '0 -100', 'what is no load is passed over, what is no confidence null') FROM pg_temp.now('n1') d;
SELECT is(concat_ws(' ', d ->> 'load_score', d -> 'confidence_level'), '100 null', 'above 1 too') FROM pg_temp.now('n1', :m - interval '3 hours') d;
SELECT is((SELECT string_agg(concat_ws(' ', load_score, confidence, load_level), ', ') FROM btwin_api.cognitive_load_history('n1', granularity => 'raw', as_of => :m)),
          '50 0 MODERATE, 50 1 MODERATE, 100 CRITICAL, 0 LOW', 'in the history too');
SELECT is((SELECT concat_ws(' ', load_score, row_count, confidence) FROM btwin_api.cognitive_load_history('n1', granularity => 'week', as_of => :m)), '50 4 0.5', 'by weeks');
SELECT is(d #>> '{avg_load,value}' || ' ' || (d #>> '{avg_load,confidence}') || ' ' || (d ->> 'total_data_points'), '50 0.5 4', 'in the summary')
FROM btwin_api.cognitive_load_summary('n1', as_of => :m) d;
SELECT is(btwin_api.orchestration_cognitive_load('n1', true, :m) #> '{trend,6}', '{"day": "2026-03-16", "load_score": 50, "row_count": 4}', 'in the trend');
ROLLBACK;

-- cognitive_load_history: a learner of Berlin, an hour ahead of UTC; 14 March 2026 is a Saturday
INSERT INTO users (id) VALUES ('his'), ('edge');
INSERT INTO btwin.learner (user_id, time_zone) VALUES ('his', 'Europe/Berlin');
INSERT INTO cognitive_load_metrics (id, user_id, timestamp, load_score, session_id, stress_indicators, confidence_level) VALUES
    ('h1', 'his', '2026-03-14 22:30+00',    20, 'A',  '[{"type": "RESPONSE_LATENCY", "severity": "LOW", "value": 100, "contribution": 20}]', 0.5),
    ('h2', 'his', '2026-03-14 22:59:59+00', 40, 'A',  '[{"type": "RESPONSE_LATENCY", "severity": "MEDIUM", "value": 200, "contribution": 30}, {"type": "A"}, {"type": "DURATION_STRESS", "severity": "LOW", "value": 61, "contribution": 35}]', 0.7),
    ('h3', 'his', '2026-03-14 23:00+00',    90, 'B',  '[{"type": "ERROR_RATE", "severity": "LOW", "value": 0.3, "contribution": 30}]', 0.9),
    ('h4', 'his', '2026-03-15 10:00+00',    60, NULL, '[{"type": "RESPONSE_LATENCY", "severity": "HIGH", "value": 300, "contribution": 40}, {"type": "ERROR_RATE", "severity": "HIGH", "value": 0.5, "contribution": 40}]', 0.7),
    ('h5', 'his', '2026-03-16 09:00+00',    12, 'C',  '[{"type": "RESPONSE_LATENCY", "severity": "LOW"}, {"type": "RESPONSE_LATENCY", "severity": "LOW", "contribution": 5}]', 0.1),
    ('h6', 'his', '2026-03-16 12:00+00',    99, 'C',  '[]', 0.1);
SELECT results_eq($$SELECT bucket_start, bucket_end, session_id, load_score, max_load, load_level, row_count, overload_rows FROM btwin_api.cognitive_load_history('his', as_of => '2026-03-16 12:00+00')$$,
    $$VALUES ('2026-03-14 22:00+00'::timestamptz, '2026-03-14 23:00+00'::timestamptz, 'A', 30::float8, 40::float8, 'LOW', 2, 0),
             ('2026-03-14 23:00+00', '2026-03-15 00:00+00', 'B', 90, 90, 'CRITICAL', 1, 1), ('2026-03-15 10:00+00', '2026-03-15 11:00+00', NULL, 60, 60, 'HIGH', 1, 1),
             ('2026-03-16 09:00+00', '2026-03-16 10:00+00', 'C', 12, 12, 'LOW', 1, 0)$$, 'by hours, which is the default');
-- of each type the largest contribution, known before unknown; equal contributions by type
SELECT results_eq($$SELECT stress_indicators, round(confidence::numeric, 6), evidence_count, method, version, computed_for, reason, id FROM btwin_api.cognitive_load_history('his', as_of => '2026-03-16 12:00+00')$$,
    $$VALUES ('[{"type": "DURATION_STRESS", "severity": "LOW", "value": 61, "contribution": 35}, {"type": "RESPONSE_LATENCY", "severity": "MEDIUM", "value": 200, "contribution": 30},
                       {"type": "A", "severity": null, "value": null, "contribution": null}]'::jsonb, 0.600000, 2, 'btwin', 'load-1', '2026-03-16 12:00+00'::timestamptz, NULL, NULL),
             ('[{"type": "ERROR_RATE", "severity": "LOW", "value": 0.3, "contribution": 30}]', 0.9, 1, 'btwin', 'load-1', '2026-03-16 12:00+00', NULL, NULL),
             ('[{"type": "ERROR_RATE", "severity": "HIGH", "value": 0.5, "contribution": 40}, {"type": "RESPONSE_LATENCY", "severity": "HIGH", "value": 300, "contribution": 40}]', 0.7, 1, 'btwin', 'load-1', '2026-03-16 12:00+00', NULL, NULL),
             ('[{"type": "RESPONSE_LATENCY", "severity": "LOW", "value": null, "contribution": 5}]', 0.1, 1, 'btwin', 'load-1', '2026-03-16 12:00+00', NULL, NULL)$$, 'and what a bucket says besides');
-- days and weeks of the learner's clock; Sunday begins the week. 15 March: 90 and 60, of which one has a session
SELECT results_eq($$SELECT bucket_start, bucket_end, session_id, load_score, max_load, row_count, overload_rows FROM btwin_api.cognitive_load_history('his', granularity => 'day', as_of => '2026-03-16 12:00+00')$$,
    $$VALUES ('2026-03-13 23:00+00'::timestamptz, '2026-03-14 23:00+00'::timestamptz, 'A', 30::float8, 40::float8, 2, 0), ('2026-03-14 23:00+00', '2026-03-15 23:00+00', 'B', 75, 90, 2, 2),
             ('2026-03-15 23:00+00', '2026-03-16 23:00+00', 'C', 12, 12, 1, 0)$$, 'by days');
SELECT results_eq($$SELECT bucket_start, bucket_end, session_id, load_score, row_count FROM btwin_api.cognitive_load_history('his', granularity => 'week', as_of => '2026-03-16 12:00+00')$$,
    $$VALUES ('2026-03-07 23:00+00'::timestamptz, '2026-03-14 23:00+00'::timestamptz, 'A', 30::float8, 2), ('2026-03-14 23:00+00', '2026-03-21 23:00+00', NULL, 54, 3)$$, 'by weeks');
SELECT results_eq($$SELECT jsonb_path_query_array(stress_indicators, '$[*].contribution') FROM btwin_api.cognitive_load_history('his', granularity => 'week', as_of => '2026-03-16 12:00+00')$$,
    $$VALUES ('[35, 30, null]'::jsonb), ('[40, 40]')$$, 'the strongest of a week');
SELECT results_eq($$SELECT bucket_start, bucket_end, id, session_id, load_score, max_load, load_level, row_count, overload_rows, jsonb_path_query_array(stress_indicators, '$[*].contribution'),
                           confidence, evidence_count, method, version, computed_for, reason
                    FROM btwin_api.cognitive_load_history('his', '2026-03-15', granularity => 'raw', as_of => '2026-03-16 12:00+00')$$,
    $$VALUES ('2026-03-15 10:00+00'::timestamptz, '2026-03-15 10:00+00'::timestamptz, 'h4', NULL, 60::float8, 60::float8, 'HIGH', 1, 1, '[40, 40]'::jsonb, 0.7::float8, NULL::int, 'application', NULL, NULL::timestamptz, NULL),
             ('2026-03-16 09:00+00', '2026-03-16 09:00+00', 'h5', 'C', 12, 12, 'LOW', 1, 0, '[5, null]', 0.1, NULL, 'application', NULL, NULL, NULL)$$, 'raw');
SELECT is((SELECT concat_ws(' ', method, version, evidence_count, computed_for) FROM btwin_api.cognitive_load_history('ann', granularity => 'raw', as_of => :m) WHERE id = 'ann-1'),
          'btwin load-1 33 2026-03-16 12:00:00+00', 'where a raw row comes from');
SELECT is((SELECT jsonb_path_query_array(stress_indicators, '$[*].type') FROM btwin_api.cognitive_load_history('ann', granularity => 'raw', as_of => :m) WHERE id = 'ann-1'),
          '["RESPONSE_LATENCY", "DURATION_STRESS", "ERROR_RATE"]', 'its indicators by contribution, unknown last');
-- an hour is skipped on 29 March, repeated on 25 October
INSERT INTO cognitive_load_metrics (user_id, timestamp, load_score, stress_indicators) VALUES ('his', '2026-03-29 10:00+00', 10, '[]'), ('his', '2026-10-25 00:30+00', 10, '[]'), ('his', '2026-10-25 01:30+00', 20, '[]');
SELECT is((SELECT concat_ws(' ', bucket_start, bucket_end) FROM btwin_api.cognitive_load_history('his', granularity => 'week', as_of => '2026-04-01')), '2026-03-28 23:00:00+00 2026-04-04 22:00:00+00', 'a week of 167 hours');
SELECT is((SELECT concat_ws(' ', bucket_start, bucket_end) FROM btwin_api.cognitive_load_history('his', granularity => 'day', as_of => '2026-04-01')), '2026-03-28 23:00:00+00 2026-03-29 22:00:00+00', 'a day of 23');
SELECT is((SELECT string_agg(concat_ws(' ', bucket_start, load_score), ', ') FROM btwin_api.cognitive_load_history('his', as_of => '2026-10-26')), '2026-10-25 00:00:00+00 10, 2026-10-25 01:00:00+00 20', 'two hours of one name');
-- ends of the range
SELECT pg_temp.load('edge', 168, 1, id => 'e1'), pg_temp.load('edge', 168.0000001, 2, id => 'e0'), pg_temp.load('edge', 100, 3, id => 'e2'), pg_temp.load('edge', 0, 4, id => 'e9'), pg_temp.load('edge', 100, 5, id => 'e3') \g /dev/null
CREATE FUNCTION pg_temp.ids(VARIADIC arguments text[]) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    found text;
BEGIN
    EXECUTE format('SELECT string_agg(id, '' '') FROM btwin_api.cognitive_load_history(%s, granularity => ''raw'', as_of => ''2026-03-16 12:00+00'')', array_to_string(arguments, ', ')) INTO found;
    RETURN found;
END $$;
SELECT is(pg_temp.ids($$'edge'$$), 'e1 e2 e3', 'a week up to the moment, by time and id');
SELECT is(pg_temp.ids($$'edge'$$, $$start_at => '2026-03-01'$$), 'e0 e1 e2 e3', 'from a start');
SELECT is(pg_temp.ids($$'edge'$$, $$end_at => '2026-03-12 08:00+00'$$), 'e0 e1', 'the end does not belong to it, the week goes up to it');
SELECT is(pg_temp.ids($$'edge'$$, $$end_at => '2026-03-17'$$, $$start_at => '2026-03-12 08:00+00'$$), 'e2 e3', 'the start does; a range beyond the moment ends at it');
SELECT is(pg_temp.ids($$'edge'$$, 'max_rows => 2'), 'e1 e2', 'so many rows');
SELECT is((SELECT count(*) FROM btwin_api.cognitive_load_history('his', max_rows => 3, as_of => :m)), 3::bigint, 'so many buckets');
SELECT is((SELECT min(bucket_start) FROM btwin_api.cognitive_load_history('his', max_rows => 1, granularity => 'day', as_of => :m)), '2026-03-13 23:00+00', 'the first of them');
SELECT is_empty($$SELECT * FROM btwin_api.cognitive_load_history('nobody', as_of => '2026-03-16 12:00+00')$$, 'nothing measured, no buckets');
SELECT is_empty($$SELECT * FROM btwin_api.cognitive_load_history('nobody', granularity => 'raw', as_of => '2026-03-16 12:00+00')$$, 'no rows');
SELECT is((SELECT pg_get_expr(p.proargdefaults, 0) FROM pg_proc p WHERE p.proname = 'cognitive_load_history'),
          'NULL::text, NULL::timestamp with time zone, NULL::timestamp with time zone, ''hour''::text, 1000, NULL::timestamp with time zone', 'defaults');
SELECT is(pg_temp.refusal(format('SELECT * FROM btwin_api.cognitive_load_history(''his'', %s, as_of => ''2026-03-16 12:00+00'')', c.arguments)), c.answer, c.arguments)
FROM (VALUES ('granularity => NULL', 'PT400 missing_argument granularity'), ('granularity => ''month''', 'PT400 not_allowed_value granularity'), ('granularity => ''Hour''', 'PT400 not_allowed_value granularity'),
             ('max_rows => NULL', 'PT400 missing_argument max_rows'), ('max_rows => 0', 'PT400 out_of_range max_rows'), ('max_rows => 1', 'accepted'), ('max_rows => 10000', 'accepted'), ('max_rows => 10001', 'PT400 out_of_range max_rows'),
             ('start_at => ''-infinity''', 'PT400 out_of_range start_at'), ('end_at => ''infinity''', 'PT400 out_of_range end_at'), ('start_at => ''2026-03-16 12:00+00''', 'PT400 out_of_range start_at'),
             ('start_at => ''2026-03-16 11:59:59+00''', 'accepted'), ('start_at => ''2026-03-02'', end_at => ''2026-03-01''', 'PT400 out_of_range start_at'),
             ('start_at => ''2025-03-15 12:00+00''', 'accepted'), ('start_at => ''2025-03-15 11:59:59.999999+00''', 'PT400 out_of_range start_at')) AS c (arguments, answer);

-- cognitive_load_summary
-- 80 in A; 59:59 later 85 in B: goes on; exactly an hour later 90 in C: another; 79.9 ends it; 80: a third; two hours later in the same session: goes on;
-- 82 without a session, over an hour later: a fourth; 83 the same again: a fifth. Mean (80 + 85 + 90 + 79.9 + 80 + 81 + 82 + 83) / 8 = 82.6125
INSERT INTO users (id) VALUES ('epi');
INSERT INTO cognitive_load_metrics (user_id, timestamp, load_score, session_id, stress_indicators, confidence_level)
SELECT 'epi', '2026-03-12'::timestamptz + t::interval, l, s, '[]', 0.5 FROM (VALUES ('10:00', 80, 'A'), ('10:59:59', 85, 'B'), ('11:59:59', 90, 'C'), ('12:10', 79.9, 'C'), ('12:20', 80, 'C'), ('14:20', 81, 'C'), ('16:00', 82, NULL), ('18:00', 83, NULL)) v (t, l, s);
SELECT is(btwin_api.cognitive_load_summary('epi', as_of => :m),
    '{"avg_load": {"value": 82.6125, "low": null, "high": null, "confidence": 0.5, "evidence_count": 8, "method": "btwin", "version": "load-1", "computed_for": "2026-03-16T12:00:00+00:00",
                   "reasons": ["Measurements averaged: 8."], "reason": null},
      "max_load": 90, "overload_episodes": 5, "total_data_points": 8, "date_range": {"start": "2026-03-09T12:00:00+00:00", "end": "2026-03-16T12:00:00+00:00"}}', 'episodes');
SELECT is((d #>> '{avg_load,value}') || ' ' || (d #> '{avg_load,reasons}') || ' ' || (d ->> 'overload_episodes'), '80 ["Measurements averaged: 1."] 1', 'one measurement') FROM btwin_api.cognitive_load_summary('v80', as_of => :m) d;
-- of one time the smaller id comes first, however they were written: twice 80, 10, and 80 five minutes later are two episodes each
INSERT INTO users (id) VALUES ('tie');
INSERT INTO cognitive_load_metrics (id, user_id, timestamp, load_score, stress_indicators)
SELECT i, 'tie', '2026-03-12'::timestamptz + t::interval, l, '[]' FROM (VALUES ('x2', '10:00', 10), ('x1', '10:00', 80), ('x3', '10:05', 80), ('y1', '20:00', 80), ('y2', '20:00', 10), ('y3', '20:05', 80)) v (i, t, l);
SELECT is(btwin_api.cognitive_load_summary('tie', as_of => :m) -> 'overload_episodes', '4', 'measurements of one time');
SELECT is(btwin_api.cognitive_load_summary('nobody', '2026-03-01', '2026-03-20', :m),
    '{"avg_load": {"value": null, "low": null, "high": null, "confidence": null, "evidence_count": 0, "method": "btwin", "version": "load-1", "computed_for": "2026-03-16T12:00:00+00:00", "reasons": [], "reason": "no_rows"},
      "max_load": null, "overload_episodes": 0, "total_data_points": 0, "date_range": {"start": "2026-03-01T00:00:00+00:00", "end": "2026-03-20T00:00:00+00:00"}}', 'nothing measured');
SELECT is(btwin_api.cognitive_load_summary('epi', '2026-03-12 10:59:59+00', '2026-03-12 18:00+00', :m) - 'avg_load' - 'date_range', '{"max_load": 90, "overload_episodes": 4, "total_data_points": 6}', 'ends of the range');
SELECT is(btwin_api.cognitive_load_summary('epi', '2026-03-12', '2026-03-20', '2026-03-12 10:59:59+00') -> 'total_data_points', '1', 'nothing from the moment on');
SELECT is(pg_temp.refusal('SELECT btwin_api.cognitive_load_summary(''epi'', ' || c.arguments || ')'), c.answer, 'summary: ' || c.arguments)
FROM (VALUES ('start_at => ''infinity''', 'PT400 out_of_range start_at'), ('start_at => ''2025-01-01'', end_at => ''2026-01-03''', 'PT400 out_of_range start_at'), ('start_at => ''2025-01-01'', end_at => ''2026-01-02''', 'accepted'),
             ('as_of => ''infinity''', 'PT400 out_of_range as_of')) AS c (arguments, answer);

-- orchestration_cognitive_load. Sessions of 28 days, completed: 18 + 6 + 3 + 5 = 32 hours, 8 a week; of 7 days 3 + 5 = 8: volume 50 * 8/8 = 50.
-- 3 begun in 7 days, one of them completed only after the moment: stress 50/3 + 10 = 26.67. Results 80, 70, 60, 50, 40 (the sixth, 30, does not count): performance 100 - 60 = 40.
-- Validation 1 and 0.5: comprehension 25. Load 0.3 * 50 + 0.3 * 40 + 0.2 * 25 + 0.2 * 26.67 = 37.33, rounded 37.
INSERT INTO users (id) SELECT unnest('{orc,g39,g40,g59,g60,g70,g71,g79,g80,u1,u2,u3,u4}'::text[]);
INSERT INTO btwin.learner (user_id, time_zone) VALUES ('orc', 'Europe/Berlin');
INSERT INTO user_learning_profiles (user_id, data_quality_score, preferred_study_times, average_session_duration, optimal_session_duration, content_preferences, learning_style_profile, personalized_forgetting_curve)
VALUES ('orc', 0.8, '[]', 40, 40, '{}', '{}', '{}');
CREATE FUNCTION pg_temp.session(learner text, started timestamptz, completed timestamptz, hours float8) RETURNS void LANGUAGE sql AS
$$INSERT INTO study_sessions (user_id, started_at, completed_at, duration_ms) VALUES (learner, started, completed, hours * 3600000)$$;
CREATE FUNCTION pg_temp.ended(learner text, hours float8, score integer, kind text DEFAULT 'SESSION_ENDED') RETURNS void LANGUAGE sql AS
$$INSERT INTO behavioral_events (user_id, event_type, event_data, timestamp, session_performance_score, completion_quality)
  VALUES (learner, kind, '{}', '2026-03-16 12:00+00'::timestamptz - hours * interval '1 hour', score, 'NORMAL')$$;
INSERT INTO validation_prompts (id, prompt_text, prompt_type, concept_name) VALUES ('p', 'p', 'EXPLAIN_TO_PATIENT', 'c');
CREATE FUNCTION pg_temp.answer(learner text, at timestamptz, score float8) RETURNS void LANGUAGE sql AS
$$INSERT INTO validation_responses (user_id, prompt_id, user_answer, ai_evaluation, score, responded_at) VALUES (learner, 'p', '', '', score, at)$$;
SELECT pg_temp.session('orc', :m - interval '672 hours', :m - interval '600 hours', 18), pg_temp.session('orc', :m - interval '672:00:00.000001', :m - interval '600 hours', 20),
       pg_temp.session('orc', :m - interval '168:00:00.000001', :m - interval '150 hours', 6), pg_temp.session('orc', :m - interval '168 hours', :m - interval '150 hours', 3),
       pg_temp.session('orc', :m - interval '10 hours', :m, 5), pg_temp.session('orc', :m - interval '1 hour', :m + interval '1 microsecond', 9), pg_temp.session('orc', :m, :m, 9) \g /dev/null
SELECT pg_temp.ended('orc', h, s) FROM (VALUES (671.9, 30), (300, 40), (200, 50), (100, 60), (50, 70), (1, 80), (0, 0)) v (h, s) \g /dev/null
SELECT pg_temp.ended('orc', 2, 0, 'SESSION_STARTED'), pg_temp.ended('orc', 2, NULL) \g /dev/null
SELECT pg_temp.answer('orc', :m - interval '1 hour', 1), pg_temp.answer('orc', :m - interval '168 hours', 0.5), pg_temp.answer('orc', :m - interval '168:00:00.000001', 0), pg_temp.answer('orc', :m, 0) \g /dev/null
SELECT is(jsonb_set(d, '{parts,stress}', to_jsonb(round((d #>> '{parts,stress}')::numeric, 6))),
    '{"load": {"value": 37, "low": null, "high": null, "confidence": 0.8, "evidence_count": 12, "method": "epic5", "version": "epic5-1", "computed_for": "2026-03-16T12:00:00+00:00",
               "reasons": ["Hours of the last week against the last four: 15.0 points.", "Results of the last sessions: 12.0 points.", "Sessions begun and not finished: 5.3 points.",
                           "Answers to validation questions: 5.0 points."], "reason": null},
      "load_level": "LOW", "parts": {"volume": 50, "performance": 40, "comprehension": 25, "stress": 26.666667},
      "recommendation": "The load is low: sessions may be 20 % longer, with harder material.", "modulation": {"duration_factor": 1.2, "extra_breaks": 0, "content": "HARDER"}, "recovery": null, "trend": null}',
    'load from study history') FROM btwin_api.orchestration_cognitive_load('orc', as_of => :m) d;
SELECT is(btwin_api.orchestration_cognitive_load('nobody', as_of => :m - interval '1 hour') - 'load',
    '{"load_level": null, "parts": {"volume": null, "performance": null, "comprehension": null, "stress": null}, "recommendation": "Nothing is known of the last four weeks: go on as planned.",
      "modulation": {"duration_factor": 1.0, "extra_breaks": 0, "content": "SAME"}, "recovery": null, "trend": null}', 'nothing is known: no advice to change');
SELECT is(btwin_api.orchestration_cognitive_load('nobody', as_of => :m - interval '1 hour') -> 'load',
    '{"value": null, "low": null, "high": null, "confidence": null, "evidence_count": 0, "method": "epic5", "version": "epic5-1", "computed_for": "2026-03-16T11:00:00+00:00", "reasons": [], "reason": "no_rows"}', 'and no load');
-- one completed hour within the week: volume 100, stress 10; load = 30 + 2 + 0.3 (100 - result) + 20 (1 - validation)
SELECT pg_temp.session('g' || g, :m - interval '2 hours', :m - interval '1 hour', 1), pg_temp.ended('g' || g, 1, r), pg_temp.answer('g' || g, :m - interval '1 hour', v)
FROM (VALUES (39, 80, 0.95), (40, 80, 0.9), (59, 20, 0.85), (60, 20, 0.8), (70, 1, 0.585), (71, 1, 0.535), (79, 1, 0.135), (80, 1, 0.085)) x (g, r, v) \g /dev/null
SELECT is((SELECT string_agg(concat_ws(' ', d #>> '{load,value}', d ->> 'load_level', d #>> '{modulation,duration_factor}', d #>> '{modulation,extra_breaks}', d #>> '{modulation,content}', d ->> 'recovery'), '; ' ORDER BY g)
           FROM unnest('{39,40,59,60,70,71,79,80}'::int[]) g, btwin_api.orchestration_cognitive_load('g' || g, as_of => :m) d),
          '39 LOW 1.2 0 HARDER; 40 MODERATE 1.0 0 SAME; 59 MODERATE 1.0 0 SAME; 60 HIGH 0.6 2 EASIER; 70 HIGH 0.6 2 EASIER; 71 HIGH 0.6 2 EASIER For two days only review, 15 to 20 minutes a day.; '
          '79 HIGH 0.6 2 EASIER For two days only review, 15 to 20 minutes a day.; 80 CRITICAL 0.6 2 EASIER Take two days off.', 'levels and what follows from them');
SELECT is((SELECT string_agg(d ->> 'recommendation', ' ' ORDER BY g) FROM unnest('{40,60,80}'::int[]) g, btwin_api.orchestration_cognitive_load('g' || g, as_of => :m) d),
          'The load is moderate: go on as planned. The load is high: shorten sessions by 40 %, take two more breaks and choose easier material. '
          'The load is critical: rest for a day, then sessions of little more than half the length, with easier material.', 'in words');
SELECT is(btwin_api.orchestration_cognitive_load('g39', as_of => :m) #> '{load,confidence}', '0.5', 'without a profile');
SELECT is(btwin_api.orchestration_cognitive_load('g39', as_of => :m) #> '{load,reasons}',
          '["Hours of the last week against the last four: 30.0 points.", "Results of the last sessions: 6.0 points.", "Sessions begun and not finished: 2.0 points.", "Answers to validation questions: 1.0 points."]', 'one result and one answer');
-- low, but: only validation (0.3 * 50 + 0.2 * 10 = 17), only sessions and no result (30 + 15 + 10 + 2 = 57 with the hour in this week, here three weeks ago: 15 + 10 + 2), no hour completed (15 of 100: 0 + 0 + 10 + 12)
SELECT pg_temp.answer('u1', :m - interval '1 hour', 1), pg_temp.session('u2', :m - interval '500 hours', :m - interval '499 hours', 1), pg_temp.session('u3', :m - interval '5 hours', NULL, 1), pg_temp.ended('u3', 4, 100), pg_temp.ended('u4', 4, 90) \g /dev/null
SELECT is((SELECT string_agg(concat_ws(' ', u, d #>> '{load,value}', d #>> '{modulation,content}', d -> 'parts'), '; ' ORDER BY u) FROM unnest('{u1,u2,u3,u4}'::text[]) u, btwin_api.orchestration_cognitive_load(u, as_of => :m) d),
          'u1 17 SAME {"stress": null, "volume": 0, "performance": null, "comprehension": 0}; u2 27 SAME {"stress": null, "volume": 0, "performance": null, "comprehension": null}; '
          'u3 22 SAME {"stress": 60, "volume": 0, "performance": 0, "comprehension": null}; u4 15 SAME {"stress": null, "volume": 0, "performance": 10, "comprehension": null}', 'too little is known to advise more');
SELECT is(btwin_api.orchestration_cognitive_load('u1', as_of => :m) ->> 'recommendation', 'The load seems low, but too little is known to study more: go on as planned.', 'which is said');
SELECT is(btwin_api.orchestration_cognitive_load('u2', as_of => :m) #> '{load,reasons}',
          '["Results of the last sessions are not known and count as average: 15.0 points.", "Answers to validation questions are not known and count as average: 10.0 points.",
            "Sessions begun and not finished: 2.0 points.", "Hours of the last week against the last four: 0.0 points."]', 'with what counts as average');
-- rows of an adopted table that are none: a session of more than a day this week, one of a day before: no hours of this week; a result of 0 is one, and counts as average there
BEGIN;
ALTER TABLE behavioral_events DROP CONSTRAINT behavioral_events_session_performance_score_check;
ALTER TABLE validation_responses DROP CONSTRAINT validation_responses_score_check;
ALTER TABLE user_learning_profiles DROP CONSTRAINT user_learning_profiles_data_quality_score_check;
UPDATE user_learning_profiles SET data_quality_score = 1.1, user_id = 'u1' WHERE user_id = 'orc';
INSERT INTO study_sessions (user_id, started_at, completed_at, duration_ms) VALUES ('u1', :m - interval '60 hours', :m, 86400001), ('u1', :m - interval '500 hours', :m, 86400000);
SELECT pg_temp.ended('u1', 3, 0), pg_temp.ended('u1', 2, -1), pg_temp.ended('u1', 1, 101), pg_temp.answer('u1', :m - interval '2 hours', 0), pg_temp.answer('u1', :m - interval '2 hours', 1.1), pg_temp.answer('u1', :m - interval '2 hours', -0.1),
       pg_temp.answer('u1', :m - interval '2 hours', 'NaN') \g /dev/null
SELECT is(concat_ws(' ', d -> 'parts', d #>> '{load,confidence}', d #>> '{load,evidence_count}'), '{"stress": 10, "volume": 0, "performance": 50, "comprehension": 50} 0.5 5', 'what is out of range does not count')
FROM btwin_api.orchestration_cognitive_load('u1', as_of => :m) d;
ROLLBACK;
-- of six results of one time the five with the larger ids: 90 each
INSERT INTO behavioral_events (id, user_id, event_type, event_data, timestamp, session_performance_score, completion_quality)
SELECT 'z' || n, 'tie', 'SESSION_ENDED', '{}', :m - interval '1 hour', CASE n WHEN 1 THEN 10 ELSE 90 END, 'NORMAL' FROM generate_series(1, 6) n;
SELECT is(btwin_api.orchestration_cognitive_load('tie', as_of => :m) #> '{parts,performance}', '10', 'results of one time');
-- trend: days of Berlin, 10 to 16 March; 2026-03-09 23:00 UTC begins the first
INSERT INTO cognitive_load_metrics (user_id, timestamp, load_score, stress_indicators) VALUES ('orc', '2026-03-09 22:59:59+00', 90, '[]'), ('orc', '2026-03-09 23:00+00', 10, '[]'), ('orc', '2026-03-10 22:59:59+00', 20, '[]'),
    ('orc', '2026-03-15 23:00+00', 40, '[]'), ('orc', :m, 90, '[]');
SELECT is(btwin_api.orchestration_cognitive_load('orc', true, :m) -> 'trend',
    '[{"day": "2026-03-10", "load_score": 15, "row_count": 2}, {"day": "2026-03-11", "load_score": null, "row_count": 0}, {"day": "2026-03-12", "load_score": null, "row_count": 0}, {"day": "2026-03-13", "load_score": null, "row_count": 0},
      {"day": "2026-03-14", "load_score": null, "row_count": 0}, {"day": "2026-03-15", "load_score": null, "row_count": 0}, {"day": "2026-03-16", "load_score": 40, "row_count": 1}]', 'trend');
SELECT is(btwin_api.orchestration_cognitive_load('orc', true, '2026-03-15 23:00+00') #> '{trend,6,day}', '"2026-03-15"', 'at midnight the day that ends');
SELECT is(btwin_api.orchestration_cognitive_load('orc', true, '2026-03-15 23:00:00.000001+00') #> '{trend,6,day}', '"2026-03-16"', 'a microsecond later the next');
SELECT is(pg_temp.refusal($$SELECT btwin_api.orchestration_cognitive_load('orc', NULL)$$), 'PT400 missing_argument include_trend', 'trend or not');

-- calendar_status
INSERT INTO calendar_integrations (user_id, calendar_provider, access_token, refresh_token, last_sync_at, sync_enabled, created_at) VALUES
    ('ann', 'GOOGLE', 'secret-a', 'secret-r', :m, true, :m - interval '1 day'), ('his', 'OUTLOOK', 'secret-a', NULL, :m + interval '1 microsecond', true, :m), ('orc', 'GOOGLE', 'secret-a', NULL, :m, false, :m - interval '1 day'),
    ('epi', 'GOOGLE', 'secret-a', NULL, NULL, true, :m + interval '1 microsecond'), ('off', 'ICAL', 'secret-a', NULL, NULL, true, :m);
INSERT INTO btwin.calendar_busy (user_id, event_id, start_at, end_at, synced_at) VALUES
    ('ann', 'over', :m - interval '2 hours', :m, :m - interval '1 day'), ('ann', 'now', :m - interval '2 hours', :m + interval '1 microsecond', :m), ('ann', 'ahead', :m + interval '2 hours', :m + interval '3 hours', :m - interval '1 day'),
    ('ann', 'later', :m + interval '2 hours', :m + interval '3 hours', :m + interval '1 microsecond'), ('epi', 'ahead', :m + interval '2 hours', :m + interval '3 hours', :m);
SELECT is(btwin_api.calendar_status('ann', :m), '{"connected": true, "provider": "GOOGLE", "last_sync_at": "2026-03-16T12:00:00+00:00", "sync_enabled": true, "next_sync_at": "2026-03-16T13:00:00+00:00", "busy_blocks_count": 2,
          "message": "A calendar is connected and synchronised."}', 'connected; blocks that are not over, handed over by then');
SELECT is(btwin_api.calendar_status('his', :m), '{"connected": true, "provider": "OUTLOOK", "last_sync_at": null, "sync_enabled": true, "next_sync_at": null, "busy_blocks_count": 0,
          "message": "A calendar is connected and was not synchronised yet."}', 'synchronised only later');
SELECT is(btwin_api.calendar_status('orc', :m), '{"connected": true, "provider": "GOOGLE", "last_sync_at": "2026-03-16T12:00:00+00:00", "sync_enabled": false, "next_sync_at": null, "busy_blocks_count": 0,
          "message": "A calendar is connected, its synchronisation is switched off."}', 'switched off');
SELECT is(btwin_api.calendar_status('epi', :m), '{"connected": false, "provider": null, "last_sync_at": null, "sync_enabled": false, "next_sync_at": null, "busy_blocks_count": 1, "message": "No calendar is connected."}', 'connected only later');
SELECT is(btwin_api.calendar_status('off', :m) -> 'connected', 'true', 'answers also where analysis is off');

-- text in another language, where there is one
INSERT INTO btwin.phrase VALUES ('de', 'calendar.connected', 'Ein Kalender ist verbunden.'), ('de', 'load.CRITICAL.1', 'Pause.'), ('de', 'load.CRITICAL.3', 'Pause.');
SET btwin.locale = 'de';
SELECT is(btwin_api.calendar_status('ann', :m) ->> 'message', 'Ein Kalender ist verbunden.', 'in another language');
SELECT is(pg_temp.now('v80') -> 'recommendations', '["Pause.", "After the break, only review what you know."]', 'in English what is not translated; each text once');
RESET btwin.locale;
SELECT is((SELECT count(*) FROM btwin.phrase WHERE locale = 'en' AND phrase !~ '^(%s|[0-9]+):? |^[A-Z]'), 0::bigint, 'texts are sentences');

-- who may ask; without rights to write, without a search path
SELECT is(pg_temp.refusal(format('SELECT * FROM btwin_api.%I(%s)', f, a)), r, f || '(' || a || ')')
FROM unnest('{cognitive_load_current,cognitive_load_history,cognitive_load_summary,orchestration_cognitive_load}'::text[]) f,
     (VALUES ($$'off'$$, 'PT403 analysis_disabled'), ($$'unknown'$$, 'PT404 unknown_learner user_id'), ('NULL', 'PT400 user_required user_id'), ($$'ann', as_of => 'infinity'$$, 'PT400 out_of_range as_of')) c (a, r);
SELECT is(pg_temp.refusal($$SELECT btwin_api.calendar_status('unknown')$$), 'PT404 unknown_learner user_id', 'calendar_status of an unknown learner');
SET btwin.user_id = 'ann';
SET default_transaction_read_only = on;
SET search_path = '';
SELECT pg_catalog.count(*) AS n FROM (SELECT btwin_api.cognitive_load_current()) a, btwin_api.cognitive_load_history(as_of => '2026-03-16 12:00+00') b, btwin_api.cognitive_load_history(granularity => 'raw', as_of => '2026-03-16 12:00+00') c,
    (SELECT btwin_api.cognitive_load_summary(), btwin_api.orchestration_cognitive_load(include_trend => true), btwin_api.calendar_status()) d \gset
RESET search_path;
SET default_transaction_read_only = off;
SELECT is(:n, 4, 'the caller''s own, without a search path and read only: two hours, two measurements');
SELECT * FROM finish();
