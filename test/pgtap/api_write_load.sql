-- record_cognitive_load and assess_burnout, and the nightly assessment.
\set QUIET on
SET client_min_messages = warning;
SET DateStyle = 'ISO, YMD';
SET timezone = 'UTC';
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS btwin;
BEGIN;      -- one now() for all
SELECT plan(135);
\set m '''2026-03-16 12:00+00''::timestamptz'

\ir api_helpers.psql
SELECT is(pg_temp.refusal($$SELECT btwin_api.record_cognitive_load('ann')$$), 'PT400 not_attached', 'before attach');
SELECT is(pg_temp.refusal($$SELECT btwin_api.assess_burnout('ann')$$), 'PT400 not_attached', 'so too an assessment');
CREATE TEMP TABLE attached AS SELECT * FROM btwin.attach('public');
INSERT INTO users (id) VALUES ('ann'), ('bob'), ('own'), ('new'), ('one'), ('few'), ('night'), ('berlin');
INSERT INTO users (id, behavioral_analysis_enabled) VALUES ('off', false);
INSERT INTO study_sessions (id, user_id, started_at) VALUES ('s-ann', 'ann', '2026-03-16 11:00+00'), ('s-bob', 'bob', '2026-03-16 11:00+00');

-- record_cognitive_load by epic5, worked by hand (2.21):
-- mean latency 8600/3 = 2866.67, over 2000 by 0.433 > 0.3: 75 x 0.30 = 22.5; errors 0.5: 50 x 0.25 = 12.5;
-- two pauses, 21 of 70 minutes: 20 + 50 x 0.3 = 35 x 0.20 = 7; last five scores mean 0.7, no decline: 0; 70 minutes > 60: 10 x 0.10 = 1. Sum 43.
-- confidence 0.7 (3 latencies) x 1 (5 scores) x 1 x 0.6 (no baseline). One HIGH indicator: risk HIGH.
CREATE TEMP TABLE first AS
SELECT btwin_api.record_cognitive_load('ann', 's-ann', '{2000,3500,3100}', 0.5, '{0.9,0.8,0.7,0.6,0.5}', 70, '{"pause_count": 2, "pause_duration_ms": 1260000}', NULL, 'epic5', 'key-1') AS d;
SELECT is((SELECT d - 'id' - 'load' - 'timestamp' FROM first),
    '{"load_score": 43, "load_level": "MODERATE", "overload_detected": false, "risk_level": "HIGH", "confidence_level": 0.42,
      "stress_indicators": [{"type": "RESPONSE_LATENCY", "severity": "MEDIUM", "value": 2866.6666666666665, "contribution": 75}, {"type": "ERROR_RATE", "severity": "HIGH", "value": 0.5, "contribution": 50},
                            {"type": "ENGAGEMENT_DROP", "severity": "LOW", "value": 0.3, "contribution": 35}, {"type": "DURATION_STRESS", "severity": "MEDIUM", "value": 70, "contribution": 10}],
      "recommendations": ["Keep the present difficulty.", "Use a hint where an answer does not come.", "Take a break every 30 minutes.", "Go back to the basics of what went wrong.",
                          "Take a break of 15 minutes before going on."]}', 'the reference''s rule');
SELECT is((SELECT (d -> 'load') - 'computed_for' FROM first),
    '{"value": 43, "low": null, "high": null, "confidence": 0.42, "evidence_count": 8, "method": "epic5", "version": "epic5-1", "reason": null,
      "reasons": ["Answers take longer than usual.", "More answers than usual are wrong.", "There are long pauses.", "The session is long."]}', 'its score');
SELECT is((SELECT ARRAY[d ->> 'timestamp', d #>> '{load,computed_for}'] FROM first)::timestamptz[], ARRAY[now(), now()], 'of now');
SELECT results_eq($$SELECT id, user_id, session_id, load_score, confidence_level, stress_indicators, timestamp FROM cognitive_load_metrics$$,
                  $$SELECT d ->> 'id', 'ann', 's-ann', 43::float8, 0.42::float8, d -> 'stress_indicators', now() FROM first$$, 'the row');
SELECT results_eq($$SELECT user_id, kind, id, method, version, computed_for, evidence_count, low, high FROM btwin.provenance$$,
                  $$SELECT 'ann', 'cognitive_load_metrics', d ->> 'id', 'epic5', 'epic5-1', now(), 8, NULL::float8, NULL::float8 FROM first$$, 'and where it comes from');
UPDATE cognitive_load_metrics SET timestamp = timestamp - interval '1 second';
SELECT is((SELECT (btwin_api.cognitive_load_current('ann') -> 'load') - 'reasons' FROM first), (SELECT (d -> 'load') - 'reasons' FROM first), 'and the read shows it');
SELECT is((SELECT btwin_api.cognitive_load_current('ann') -> 'recommendations' FROM first), (SELECT d -> 'recommendations' FROM first), 'with the same advice');

-- the key
SELECT is(btwin_api.record_cognitive_load('ann', 's-ann', '{2000,3500,3100}', 0.5, '{0.9,0.8,0.7,0.6,0.5}', 70, '{"pause_count": 2, "pause_duration_ms": 1260000}', NULL, 'epic5', 'key-1')::text,
          (SELECT d::text FROM first), 'the same call again: the same answer');
SELECT is((SELECT count(*) FROM cognitive_load_metrics), 1::bigint, 'and no second row');
CREATE FUNCTION pg_temp.other(given text) RETURNS text LANGUAGE sql AS $$
SELECT pg_temp.refusal(format($s$SELECT btwin_api.record_cognitive_load(%s)$s$, (
    SELECT string_agg(format('%s => %s', a.name, CASE WHEN a.name = split_part(given, '=', 1) THEN split_part(given, '=', 2) ELSE a.value END), ', ')
    FROM (VALUES ('user_id', '''ann'''), ('session_id', '''s-ann'''), ('response_latencies_ms', '''{2000,3500,3100}'''), ('error_rate', '0.5'), ('performance_scores', '''{0.9,0.8,0.7,0.6,0.5}'''),
                 ('session_minutes', '70'), ('engagement', '''{"pause_count": 2, "pause_duration_ms": 1260000}'''), ('baseline', 'NULL'), ('method_is', '''epic5'''), ('idempotency_key', '''key-1''')) AS a (name, value))))
$$;
SELECT is(pg_temp.other(''), 'accepted', 'named, the same call');
SELECT is(array_agg(DISTINCT pg_temp.other(given)), '{"PT409 key_reused idempotency_key"}', 'any other argument, and the key is taken')
FROM unnest(ARRAY['session_id=NULL', 'response_latencies_ms=''{1}''', 'error_rate=0.4', 'performance_scores=''{1}''', 'session_minutes=71', 'engagement=NULL', 'baseline=''{}''', 'method_is=''btwin''']) given;
SELECT is(btwin_api.record_cognitive_load('bob', method_is => 'epic5', idempotency_key => 'key-1') ->> 'load_score', '0', 'keys of others are others');
SELECT isnt(btwin_api.record_cognitive_load('ann', method_is => 'epic5') ->> 'id', btwin_api.record_cognitive_load('ann', method_is => 'epic5') ->> 'id', 'without a key each call is one');

-- steps of epic5 and what the function adds to them
-- overload: latency 100 x 0.3 + errors 100 x 0.25 + engagement 100 x 0.2 + decline 100 x 0.15 + 25 x 0.1 = 92.5
SELECT is((SELECT concat_ws(' ', d ->> 'load_score', d ->> 'load_level', d ->> 'risk_level', d ->> 'overload_detected', d -> 'recommendations') FROM btwin_api.record_cognitive_load('ann', NULL,
              '{9000,9000,9000,9000,9000}', 1, '{0,0,0,0,0}', 91, '{"pause_count": 10, "pause_duration_ms": 0}', '{"avg_response_latency_ms": 2000, "baseline_performance": 0.5}', 'epic5') d),
    '92.5 CRITICAL CRITICAL true ["Take a break of ten minutes now.", "After the break, only review what you know.", "Consider ending the session.", "Take more time to read each question.", '
    '"Go back to the basics of what went wrong.", "Take a break of 15 minutes before going on."]', 'everything at once');
-- 100 x 0.3 + 100 x 0.25 + 10 x 0.1 = 56; above 60 with a pause: + 50 x 0.2 = 66
SELECT is((SELECT concat_ws(' ', d ->> 'load_score', d ->> 'overload_detected', d -> 'recommendations' -> 0) FROM btwin_api.record_cognitive_load('ann', NULL, '{9000}', 1, '{}', 61, '{"pause_count": 5}', method_is => 'epic5') d),
          '66 true "Go on with material one level easier."', 'two HIGH indicators');
SELECT is((SELECT d -> 'recommendations' ->> 1 || (d -> 'recommendations' ->> 2) FROM btwin_api.record_cognitive_load('ann', NULL, '{9000}', 1, '{}', 61, '{"pause_count": 5}', method_is => 'epic5') d),
          'Pause for 5 minutes in every 20.Four parts of review to one part of new material.', 'their advice');
-- no session length: pauses by their number only, 3 x 10 x 0.2 = 6; card_interactions count nothing; confidence 0.7 x 0.8 x 0.6
SELECT is((SELECT concat_ws(' ', d ->> 'load_score', d ->> 'confidence_level') FROM btwin_api.record_cognitive_load('ann', engagement => '{"pause_count": 3, "pause_duration_ms": 60000, "card_interactions": 9}', method_is => 'epic5') d),
          '6 0.33599999999999997', 'pauses in no time');
SELECT is((SELECT d ->> 'load_score' FROM btwin_api.record_cognitive_load('ann', session_minutes => 2, engagement => '{"pause_duration_ms": 60000}', method_is => 'epic5') d), '5', 'half of two minutes: 25 x 0.2');
SELECT is((SELECT d ->> 'load_score' FROM btwin_api.record_cognitive_load('ann', session_minutes => 2, engagement => '{"pause_count": 1, "pause_duration_ms": null}', method_is => 'epic5') d), '2', 'a null in the document is not given');
SELECT is((SELECT d ->> 'confidence_level' FROM btwin_api.record_cognitive_load('ann', baseline => '{"baseline_performance": 0.5}', engagement => '{}', method_is => 'epic5') d), '0.5599999999999999', 'half a baseline is one: 0.7 x 0.8');

-- btwin against the family of doc/load.md, on states put together here
CREATE FUNCTION pg_temp.state(latencies float8[], correct boolean[], pause float8 DEFAULT NULL) RETURNS btwin.cognitive_load LANGUAGE sql AS $$
SELECT btwin.cognitive_load_agg('2026-03-16 12:00+00'::timestamptz + a.place * interval '1 hour', a.latency, a.correct, pause) FROM unnest(latencies, correct) WITH ORDINALITY AS a (latency, correct, place)
$$;
CREATE FUNCTION pg_temp.expected(state btwin.cognitive_load, usual btwin.load_baseline, minutes float8) RETURNS text LANGUAGE sql AS $$
SELECT concat_ws(' ', s.value, s.low, s.high, s.load_level, s.overload, s.confidence, s.evidence_count, coalesce(s.reason, 'own'),
                 (SELECT string_agg(i.type || i.value || i.contribution, ' ' ORDER BY i.contribution DESC) FROM btwin.indicators(state, usual, minutes) i))
FROM btwin.load_score(state, usual, minutes) s
$$;
CREATE FUNCTION pg_temp.got(d jsonb) RETURNS text LANGUAGE sql AS $$
SELECT concat_ws(' ', d #>> '{load,value}', d #>> '{load,low}', d #>> '{load,high}', d ->> 'load_level', left(d ->> 'overload_detected', 1), d #>> '{load,confidence}', d #>> '{load,evidence_count}',
                 coalesce(d #>> '{load,reason}', 'own'),
                 (SELECT string_agg((i ->> 'type') || (i ->> 'value') || (i ->> 'contribution'), ' ') FROM jsonb_array_elements(d -> 'stress_indicators') i))
$$;
-- parts of 0.618, 0.236, 0.854, 0.472: the second and the fourth are wrong
SELECT is(pg_temp.got(btwin_api.record_cognitive_load('own', NULL, '{4000,9000,5000,60000}', 0.5, '{}', 75)),
          pg_temp.expected(pg_temp.state('{4000,9000,5000,60000}', '{t,f,t,f}'), NULL, 75), 'wrong answers spread evenly');
SELECT is(pg_temp.got(btwin_api.record_cognitive_load('own', NULL, '{4000,9000,5000,60000}', 0.5, '{0.9,0.8,0.1,0.2}', 75)),
          pg_temp.expected(pg_temp.state('{4000,9000,5000,60000}', '{t,t,f,f}'), NULL, 75), 'those with the lowest scores');
SELECT is(pg_temp.got(btwin_api.record_cognitive_load('own', NULL, '{4000,9000,5000,60000}', 0.5, '{0.5,0.5,0.5,0.5}', 75)),
          pg_temp.expected(pg_temp.state('{4000,9000,5000,60000}', '{t,f,t,f}'), NULL, 75), 'equal ones evenly');
SELECT is(pg_temp.got(btwin_api.record_cognitive_load('own', NULL, '{4000,9000,5000,60000}', 0.37, '{0.9,0.8,0.1}', 75)),
          pg_temp.expected(pg_temp.state('{4000,9000,5000,60000}', '{t,f,t,t}'), NULL, 75), 'scores of others than the answers say nothing; 1.48 of 4 are 1');
SELECT is(pg_temp.got(btwin_api.record_cognitive_load('own', NULL, '{}', 0.375, '{0.9,0.8,0.1,0.2}', 75)),
          pg_temp.expected(pg_temp.state('{NULL,NULL,NULL,NULL}', '{t,t,f,f}'), NULL, 75), 'as many answers as scores; 1.5 of 4 are 2');
SELECT is(pg_temp.got(btwin_api.record_cognitive_load('own', NULL, '{}', 0.25, '{}', 75, '{"card_interactions": 4.9}')),
          pg_temp.expected(pg_temp.state('{NULL,NULL,NULL,NULL}', '{t,f,t,t}'), NULL, 75), 'as cards');
-- 20 minutes of pauses in 75: 5 for each answer, 55 of work
SELECT is(pg_temp.got(btwin_api.record_cognitive_load('own', NULL, '{4000,9000,5000,60000}', 0.5, '{}', 75, '{"pause_duration_ms": 1200000}')),
          pg_temp.expected(pg_temp.state('{4000,9000,5000,60000}', '{t,f,t,f}', 300000), NULL, 55), 'pauses');
SELECT is(pg_temp.got(btwin_api.record_cognitive_load('own', NULL, '{4000,9000}', 0, '{}', 5, '{"pause_duration_ms": 1200000}')),
          pg_temp.expected(pg_temp.state('{4000,9000}', '{t,t}', 600000), NULL, 0), 'more pause than session');
-- not said how long: from the first to the last answer, 4 + 9 + 5 + 60 seconds and a millisecond for each
SELECT is((btwin_api.record_cognitive_load('own', NULL, '{4000,9000,5000,60000}', 0.5, '{}') -> 'load_score')::float8,
          (SELECT value FROM btwin.load_score(btwin._measured_load('{4000,9000,5000,60000}', 0.5, '{}', 4, NULL))), 'as long as its answers');
SELECT results_eq($$SELECT at, latency_ms, correct, pause_ms FROM btwin.entries(btwin._measured_load('{10,20}', 0.5, '{0.1,0.2}', 2, 60))$$,
                  $$VALUES ('2000-01-01 00:00:00.041+00'::timestamptz, 10::float8, false, 30::float8), ('2000-01-01 00:00:00.092+00', 20, true, 30)$$, 'one after the other');
SELECT results_eq($$SELECT at, latency_ms, correct, pause_ms FROM btwin.entries(btwin._measured_load('{}', 0.5, '{0.1,0.2}', 2, NULL))$$,
                  $$VALUES ('2000-01-01 00:00:00.001+00'::timestamptz, NULL::float8, false, NULL::float8), ('2000-01-01 00:00:00.002+00', NULL, true, NULL)$$, 'a millisecond each where nothing of their time is known');
-- risk: by level and indicators
SELECT is((SELECT string_agg(concat_ws(' ', minutes, d ->> 'load_level', d ->> 'risk_level', d #>> '{stress_indicators,0,severity}'), ', ' ORDER BY minutes)
           FROM unnest('{30,62,70,100}'::float8[]) minutes, btwin_api.record_cognitive_load('own', NULL, '{5000,6000}', 0, '{}', minutes) d),
          '30 LOW LOW, 62 MODERATE MEDIUM LOW, 70 MODERATE MEDIUM MEDIUM, 100 MODERATE HIGH HIGH', 'risk rises with the level and with the indicators');
SELECT is(d ->> 'risk_level' || ' ' || (d ->> 'overload_detected') || ' ' || (d #>> '{recommendations,0}') || (d #>> '{recommendations,3}'), 'CRITICAL true Take a break of ten minutes now.Take a break of 15 minutes before going on.', 'critical')
FROM btwin_api.record_cognitive_load('own', NULL, array_fill(50000::float8, '{100}'), 1, '{}', 300, baseline => '{"avg_response_latency_ms": 3000, "baseline_performance": 0.9}') d;
-- four signs, all of them LOW, make a HIGH load; reasons and advice by contribution
SELECT is(concat_ws(' ', d ->> 'load_level', d ->> 'risk_level', (SELECT string_agg(DISTINCT i ->> 'severity', ',') FROM jsonb_array_elements(d -> 'stress_indicators') i), d #> '{load,reasons}', d -> 'recommendations'),
          'HIGH HIGH LOW ["More answers than usual are wrong.", "There are long pauses.", "The session is long.", "Answers take longer than usual."] '
          '["Go on with material one level easier.", "Pause for 5 minutes in every 20.", "Four parts of review to one part of new material.", "Take a break of 15 minutes before going on."]', 'high by its level')
FROM btwin_api.record_cognitive_load('own', NULL, array_fill(6250::float8, '{60}'), 0.6, '{}', 76, '{"pause_duration_ms": 1500000}', '{"avg_response_latency_ms": 4000, "baseline_performance": 0.7}') d;
-- nothing measured
SELECT is(d - 'load' - 'timestamp', '{"id": null, "load_score": null, "load_level": null, "stress_indicators": [], "overload_detected": false, "risk_level": null, "confidence_level": null, "recommendations": []}', 'nothing measured')
FROM btwin_api.record_cognitive_load('new', session_minutes => 90, error_rate => 0.9) d;
SELECT is((d -> 'load') - 'computed_for', '{"value": null, "low": null, "high": null, "confidence": null, "evidence_count": 0, "method": "btwin", "version": "load-1", "reason": "no_rows", "reasons": ["Nothing was measured: no answer, no score, no card."]}',
          'which the score says') FROM btwin_api.record_cognitive_load('new', idempotency_key => 'k') d;
SELECT is((SELECT count(*) FROM cognitive_load_metrics WHERE user_id = 'new') + (SELECT count(*) FROM btwin.provenance WHERE user_id = 'new'), 0::bigint, 'and nothing is stored');
SELECT is((SELECT count(*) FROM btwin.api_call WHERE user_id = 'new'), 1::bigint, 'but the answer');

-- a baseline that the caller states: 60 answers of 45 minutes, by thirds e^-0.337, 1, e^0.337 around the latency of right answers, 1.4 times that for wrong ones
SELECT results_eq($$SELECT s.sessions, s.latencies, s.correct, s.incorrect, abs(s.median_latency_ms / (5000 / 1.08) - 1) < 0.044, abs(s.mad_log_latency - 0.337) < 0.087, abs(s.median_minutes / 45 - 1) < 0.044,
                           abs(s.incorrect_slowdown - 1.4) < 0.06 FROM btwin.baseline_summary(btwin._stated_load_baseline(5000, 0.8)) s$$,
                  $$VALUES (1::bigint, 60::bigint, 48::bigint, 12::bigint, true, true, true, true)$$, 'what it says is usual');
-- to the bins of the baseline, which are 4.4 % wide, at 21 latencies: of n right answers of r and 60 - n of 1.4 r the mean is (n + 1.4 (60 - n)) r / 60
CREATE FUNCTION pg_temp.stated(latency float8, right_count int) RETURNS text LANGUAGE sql AS $$
SELECT btwin.baseline(btwin.cognitive_load_agg('2026-03-16 12:00+00'::timestamptz + n * interval '45 seconds', CASE WHEN n <= right_count THEN 1 ELSE 1.4 END * exp(CASE n % 3 WHEN 0 THEN -0.337 WHEN 1 THEN 0 ELSE 0.337 END)
                                               * 60 * latency / (right_count + 1.4 * (60 - right_count)), n <= right_count), 45)::text
FROM generate_series(1, 60) n
$$;
SELECT is(array_agg(btwin._stated_load_baseline(1000 * power(1.1, g), n / 60.0)::text ORDER BY g, n), array_agg(pg_temp.stated(1000 * power(1.1, g), n) ORDER BY g, n), 'answer by answer') FROM generate_series(0, 20) g, unnest('{18,48}'::int[]) n;
SELECT results_eq($$SELECT s.correct, s.incorrect, abs(s.median_latency_ms / (5000 / 1.12) - 1) < 0.044 FROM unnest('{NULL,0}'::float8[]) v, btwin.baseline_summary(btwin._stated_load_baseline(5000, v)) s$$,
                  $$VALUES (42::bigint, 18::bigint, true), (42, 18, true)$$, 'a share that is not given, or 0, is 0.7');
SELECT results_eq($$SELECT latencies, correct FROM btwin.baseline_summary(btwin._stated_load_baseline(NULL, 0.5))$$, $$VALUES (0::bigint, 30::bigint)$$, 'a latency that is not given is not known');
SELECT is(pg_temp.got(btwin_api.record_cognitive_load('own', NULL, '{4000,9000}', 0, '{}', 30, NULL, given)),
          pg_temp.expected(pg_temp.state('{4000,9000}', '{t,t}'), usual, 30), given::text)
FROM (VALUES ('{"avg_response_latency_ms": 5000, "baseline_performance": 0.8}'::jsonb, btwin._stated_load_baseline(5000, 0.8)), ('{"avg_response_latency_ms": 0, "baseline_performance": 0.8}', btwin._stated_load_baseline(NULL, 0.8)),
             ('{"avg_response_latency_ms": 5000}', btwin._stated_load_baseline(5000, NULL)), ('{}', NULL)) v (given, usual);

-- the learner's own: 28 days before today, 50 answers
INSERT INTO courses (id, user_id, name) VALUES ('k', 'own', 'x');
INSERT INTO cards (id, course_id, front, back) VALUES ('c', 'k', 'x', 'x');
INSERT INTO study_sessions (id, user_id, started_at, duration_ms) SELECT 'own-' || back, 'own', date_trunc('day', now(), 'UTC') - back * interval '24 hours', 1800000 FROM unnest('{0,1,28,29}'::int[]) back;
CREATE FUNCTION pg_temp.reviews(back int, n int) RETURNS void LANGUAGE sql AS $$
INSERT INTO reviews (user_id, card_id, session_id, rating, reviewed_at, time_spent_ms, difficulty_before, difficulty_after, stability_before, stability_after)
SELECT 'own', 'c', 'own-' || back, CASE WHEN g % 4 = 0 THEN 'AGAIN' ELSE 'GOOD' END, date_trunc('day', now(), 'UTC') - back * interval '24 hours' + g * interval '1 second', 3000 + 100 * g, 5, 5, 1, 1 FROM generate_series(1, n) g
$$;
SELECT pg_temp.reviews(1, 25), pg_temp.reviews(28, 24), pg_temp.reviews(29, 50), pg_temp.reviews(0, 1) \g /dev/null
SELECT is(btwin_api.record_cognitive_load('own', NULL, '{4000,9000}') #>> '{load,reason}', 'default_used', '49 answers, those of today and of 29 days ago left out');
SELECT pg_temp.reviews(28, 25) \g /dev/null
CREATE TEMP TABLE usual AS
SELECT btwin.rollup(btwin.baseline(s.load, 30)) AS usual
FROM (SELECT btwin.cognitive_load_agg(r.reviewed_at, r.time_spent_ms, r.rating <> 'AGAIN') AS load FROM reviews r WHERE r.session_id IN ('own-1', 'own-28') GROUP BY r.session_id) s;
SELECT is(pg_temp.got(btwin_api.record_cognitive_load('own', NULL, '{4000,9000}', 0, '{}', 30)), pg_temp.expected(pg_temp.state('{4000,9000}', '{t,t}'), usual, 30), '74 of 28 days') FROM usual;
DELETE FROM reviews WHERE session_id = 'own-28' AND id NOT IN (SELECT id FROM reviews WHERE session_id = 'own-28' LIMIT 25);
SELECT is(btwin_api.record_cognitive_load('own', NULL, '{4000,9000}') #> '{load,reason}', 'null', '50 are enough');

-- what is refused
SELECT is(pg_temp.refusal('SELECT btwin_api.record_cognitive_load(''ann'', ' || given || ')'), answer, given) FROM (VALUES
    ('response_latencies_ms => NULL', 'PT400 missing_argument response_latencies_ms'),  ('response_latencies_ms => ''{1,NULL}''', 'PT400 out_of_range response_latencies_ms'),
    ('response_latencies_ms => ''{600000.1}''', 'PT400 out_of_range response_latencies_ms'), ('response_latencies_ms => ''{-0.1}''', 'PT400 out_of_range response_latencies_ms'),
    ('response_latencies_ms => ''{NaN}''', 'PT400 out_of_range response_latencies_ms'), ('response_latencies_ms => array_fill(1::float8, ''{1001}'')', 'PT400 out_of_range response_latencies_ms'),
    ('response_latencies_ms => array_fill(600000::float8, ''{1000}'')', 'accepted'), ('response_latencies_ms => ''{0}''', 'accepted'),
    ('engagement => ''{"pause_count": -0.1}''', 'PT400 bad_document engagement'), ('engagement => ''{"pause_duration_ms": -0.1}''', 'PT400 bad_document engagement'), ('engagement => ''{"card_interactions": -0.1}''', 'PT400 bad_document engagement'),
    ('engagement => ''{"pause_count": 0, "pause_duration_ms": 0, "card_interactions": 0}''', 'accepted'), ('baseline => ''{"avg_response_latency_ms": -0.1}''', 'PT400 bad_document baseline'), ('baseline => ''{"baseline_performance": -0.1}''', 'PT400 bad_document baseline'),
    ('performance_scores => NULL', 'PT400 missing_argument performance_scores'), ('performance_scores => ''{1.1}''', 'PT400 out_of_range performance_scores'), ('performance_scores => ''{0,1}''', 'accepted'),
    ('performance_scores => array_fill(1::float8, ''{1001}'')', 'PT400 out_of_range performance_scores'),
    ('error_rate => NULL', 'PT400 missing_argument error_rate'), ('error_rate => 1.1', 'PT400 out_of_range error_rate'), ('session_minutes => NULL', 'PT400 missing_argument session_minutes'),
    ('session_minutes => 1440.1', 'PT400 out_of_range session_minutes'), ('session_minutes => 1440, error_rate => 1', 'accepted'),
    ('engagement => ''[]''', 'PT400 bad_document engagement'), ('engagement => ''{"pauses": 1}''', 'PT400 bad_document engagement'), ('engagement => ''{"pause_count": "1"}''', 'PT400 bad_document engagement'),
    ('engagement => ''{"pause_count": 1001}''', 'PT400 bad_document engagement'), ('engagement => ''{"pause_duration_ms": 86400001}''', 'PT400 bad_document engagement'),
    ('engagement => ''{"card_interactions": 1001}''', 'PT400 bad_document engagement'),
    ('engagement => ''{"pause_count": 1000, "pause_duration_ms": 86400000, "card_interactions": 1000}''', 'accepted'),
    ('engagement => ''{"pause_count": 1000, "pause_duration_ms": 86400000, "card_interactions": 1000}'', method_is => ''epic5''', 'accepted'),
    ('baseline => ''{"avg_response_latency_ms": 600001}''', 'PT400 bad_document baseline'), ('baseline => ''{"baseline_performance": 1.1}''', 'PT400 bad_document baseline'),
    ('baseline => ''{"avg_response_latency_ms": 600000, "baseline_performance": 1}'', response_latencies_ms => ''{1}''', 'accepted'), ('method_is => ''x''', 'PT400 not_allowed_value method_is'),
    ('idempotency_key => ''''', 'PT400 out_of_range idempotency_key'), ('session_id => ''s-bob''', 'PT404 unknown_id'), ('session_id => ''nothing''', 'PT404 unknown_id')) v (given, answer);
SELECT is(pg_temp.refusal($$SELECT btwin_api.record_cognitive_load('off')$$), 'PT403 analysis_disabled', 'analysis off');
SELECT is(pg_temp.refusal($$SELECT btwin_api.record_cognitive_load('nobody')$$), 'PT404 unknown_learner user_id', 'unknown');
SELECT is(pg_temp.refusal($$SELECT btwin_api.record_cognitive_load('ann')$$, 'on'), '25006', 'read only, whatever there is to do');
SELECT is(pg_temp.bare($$SELECT btwin_api.record_cognitive_load('ann', 's-ann', '{1}')$$) #>> '{load,evidence_count}', '1', 'whatever the search path');

-- assess_burnout by epic5: a session of 40 minutes 0.20 x 25; two loads of a day, one above 60: 0.25 x 100; none below 40: 0.05 x 100 = 35, MEDIUM; confidence 0.7 x 0.5 x 0.8 x 0.6
INSERT INTO study_sessions (id, user_id, started_at, completed_at, duration_ms) VALUES ('s-one', 'one', :m - interval '3 hours', :m - interval '140 minutes', 2400000);
INSERT INTO cognitive_load_metrics (user_id, load_score, stress_indicators, confidence_level, timestamp) VALUES ('one', 45, '[]', 0.5, :m - interval '2 hours'), ('one', 85, '[]', 0.5, :m - interval '1 hour');
CREATE TEMP TABLE assessed AS SELECT btwin_api.burnout_risk('one', 'epic5', :m) AS read, btwin_api.assess_burnout('one', 'epic5', :m) AS d;
SELECT is((SELECT d - 'id' - 'changed' FROM assessed), (SELECT read FROM assessed), 'what burnout_risk() answers');
SELECT results_eq($$SELECT id, user_id, risk_score, risk_level, contributing_factors, warning_signals, recommendations, confidence, assessment_date, intervention_applied, intervention_id FROM burnout_risk_assessments$$,
                  $$SELECT d ->> 'id', 'one', 35::float8, 'MEDIUM', d -> 'contributing_factors', d -> 'warning_signals', ARRAY(SELECT jsonb_array_elements_text(d -> 'recommendations')), (d ->> 'confidence')::float8, '2026-03-16 12:00+00'::timestamptz, false, NULL
                    FROM assessed$$, 'stored');
SELECT results_eq($$SELECT id, method, version, computed_for, evidence_count FROM btwin.provenance WHERE kind = 'burnout_risk_assessments'$$,
                  $$SELECT d ->> 'id', 'epic5', 'epic5-1', '2026-03-16 12:00+00'::timestamptz, 3 FROM assessed$$, 'and where it comes from: three rows');
SELECT is((SELECT concat_ws(' ', round((d ->> 'confidence')::numeric, 12), d ->> 'changed') FROM assessed), '0.168000000000 true', 'something was written');
CREATE FUNCTION pg_temp.again(method text, as_of timestamptz) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    d jsonb := btwin_api.assess_burnout('one', method, as_of);
BEGIN
    RETURN concat_ws(' ', (SELECT a.d ->> 'id' FROM assessed a) = d ->> 'id', d -> 'changed', (SELECT count(*) FROM burnout_risk_assessments WHERE user_id = 'one'));
END $$;
CREATE TEMP TABLE lay AS SELECT a.ctid AS at, p.ctid AS made_at FROM burnout_risk_assessments a JOIN btwin.provenance p ON p.id = a.id;
SELECT is(pg_temp.again('epic5', :m), 't false 1', 'once more: nothing');
-- IRREGULAR_PATTERN was first seen 14 days before the moment
SELECT is(pg_temp.again('epic5', :m + interval '1 hour'), 't false 1', 'an hour later, the same figures: nothing');
SELECT results_eq($$SELECT a.ctid, p.ctid FROM burnout_risk_assessments a JOIN btwin.provenance p ON p.id = a.id$$, 'SELECT * FROM lay', 'no row was written');
INSERT INTO cognitive_load_metrics (user_id, load_score, stress_indicators, confidence_level, timestamp) VALUES ('one', 20, '[]', 0.5, :m);
UPDATE burnout_risk_assessments SET intervention_applied = true;
SELECT is(pg_temp.again('epic5', :m), 't false 1', 'a row of the moment does not count yet');
-- one below 40 among the last: recovery 50 instead of 100
SELECT is(pg_temp.again('epic5', :m + interval '2 hours'), 't true 1', 'later it does');
SELECT results_eq($$SELECT risk_score, assessment_date, intervention_applied FROM burnout_risk_assessments$$, $$VALUES (32.5::float8, '2026-03-16 14:00+00'::timestamptz, true)$$, 'the row of the day is updated in place');
SELECT is((SELECT computed_for FROM btwin.provenance WHERE kind = 'burnout_risk_assessments'), '2026-03-16 14:00+00', 'with its moment');
SELECT is(pg_temp.again('epic5', :m), 't false 1', 'a moment before it changes nothing');
SELECT is(pg_temp.again('btwin', :m + interval '2 hours'), 't true 1', 'the other method does');
SELECT results_eq($$SELECT method, version, low IS NOT NULL, high IS NOT NULL FROM btwin.provenance WHERE kind = 'burnout_risk_assessments'$$, $$VALUES ('btwin', 'burnout-1', true, true)$$, 'and says so');
-- the day ends with its last microsecond
INSERT INTO cognitive_load_metrics (user_id, load_score, stress_indicators, confidence_level, timestamp) VALUES ('one', 99, '[]', 0.5, '2026-03-16 23:00+00');
SELECT is(pg_temp.again('btwin', '2026-03-17 00:00+00'), 't true 1', 'midnight is its end');
SELECT is(pg_temp.again('btwin', '2026-03-17 00:00+00'), 't false 1', 'and finds itself');
SELECT is(pg_temp.again('btwin', '2026-03-17 00:00:00.000001+00'), 'f true 2', 'after it the next day begins');
SELECT is(pg_temp.again('btwin', '2026-03-17 00:00+00'), 't false 2', 'whose row is not that of the day before');
INSERT INTO burnout_risk_assessments (id, user_id, risk_score, risk_level, contributing_factors, assessment_date) VALUES ('theirs', 'one', 99, 'CRITICAL', '[]', '2026-03-18 12:00+00');
SELECT is(pg_temp.again('btwin', '2026-03-18 13:00+00'), 'f true 4', 'a row of the application is not ours');
SELECT is((SELECT risk_score FROM burnout_risk_assessments WHERE id = 'theirs'), 99::float8, 'as it is');
-- 23:30 in Berlin and an hour later
INSERT INTO btwin.learner (user_id, time_zone) VALUES ('berlin', 'Europe/Berlin');
INSERT INTO cognitive_load_metrics (user_id, load_score, stress_indicators, confidence_level, timestamp) VALUES ('berlin', 45, '[]', 0.5, :m - interval '2 hours');
SELECT is((btwin_api.assess_burnout('berlin', 'epic5', '2026-03-16 22:30+00') ->> 'id') = (btwin_api.assess_burnout('berlin', 'epic5', '2026-03-16 23:30+00') ->> 'id'), false, 'days of the learner''s clock');
SELECT is(pg_temp.refusal('SELECT btwin_api.assess_burnout(''' || learner || ''', ' || given || ')'), answer, learner || ' ' || given) FROM (VALUES
    ('new', '''epic5''', 'PT422 no_rows'), ('new', '''btwin''', 'PT422 no_rows'), ('one', 'NULL', 'PT400 missing_argument method_is'), ('one', '''x''', 'PT400 not_allowed_value method_is'),
    ('one', 'as_of => ''infinity''', 'PT400 out_of_range as_of'), ('off', '''btwin''', 'PT403 analysis_disabled'), ('nobody', '''btwin''', 'PT404 unknown_learner user_id')) v (learner, given, answer);
-- a review alone says nothing but that there was no rest
INSERT INTO courses (id, user_id, name) VALUES ('k-few', 'few', 'x');
INSERT INTO cards (id, course_id, front, back) VALUES ('c-few', 'k-few', 'x', 'x');
INSERT INTO reviews (user_id, card_id, rating, reviewed_at, time_spent_ms, difficulty_before, difficulty_after, stability_before, stability_after) VALUES ('few', 'c-few', 'GOOD', :m - interval '1 day', 1000, 5, 5, 1, 1);
SELECT is(pg_temp.refusal($$SELECT btwin_api.assess_burnout('few', as_of => '2026-03-16 12:00+00')$$), 'PT422 insufficient_data', 'too little');
SELECT is(btwin._analyze_burnout('few', :m), '{"created": 0, "updated": 0, "risk_level": null, "reason": "insufficient_data"}', 'at night too');
SELECT is((SELECT count(*) FROM burnout_risk_assessments WHERE user_id IN ('new', 'few')), 0::bigint, 'nothing is stored of nothing');
SELECT is(pg_temp.refusal($$SELECT btwin_api.assess_burnout('one')$$, 'on'), '25006', 'read only');
SELECT is(pg_temp.refusal($$SELECT btwin_api.assess_burnout('new')$$, 'on'), '25006', 'before it is known whether there is anything');
SELECT is(pg_temp.bare($$SELECT btwin_api.assess_burnout('one', as_of => '2026-03-18 15:00+00')$$) ->> 'risk_level', 'LOW', 'whatever the search path');

-- every night
SELECT results_eq($$SELECT position, step, function FROM btwin.analysis_step WHERE step = 'burnout'$$, $$VALUES (40, 'burnout', 'btwin._analyze_burnout')$$, 'a step of the analysis');
SELECT is(btwin._analyze_burnout('new', :m), '{"created": 0, "updated": 0, "risk_level": null, "reason": "no_rows"}', 'of nothing, nothing');
INSERT INTO cognitive_load_metrics (user_id, load_score, stress_indicators, confidence_level, timestamp) SELECT 'night', 45, '[]', 0.5, :m - g * interval '1 day' FROM generate_series(1, 20) g;
SELECT is(btwin._analyze_burnout('night', :m) - 'risk_level', '{"created": 1, "updated": 0, "reason": null}', 'the first of the day');
SELECT results_eq($$SELECT a.risk_score, a.risk_level, a.warning_signals, a.confidence, a.assessment_date, p.method, p.evidence_count FROM burnout_risk_assessments a JOIN btwin.provenance p ON p.id = a.id WHERE a.user_id = 'night'$$,
                  $$SELECT (d ->> 'risk_score')::float8, d ->> 'risk_level', d -> 'warning_signals', (d ->> 'confidence')::float8, '2026-03-16 12:00+00'::timestamptz, 'btwin', (d #>> '{risk,evidence_count}')::int
                    FROM btwin_api.burnout_risk('night', as_of => '2026-03-16 12:00+00') d$$, 'what burnout_risk() answers by btwin');
CREATE TEMP TABLE night AS SELECT a.ctid AS at, p.ctid AS made_at FROM burnout_risk_assessments a JOIN btwin.provenance p ON p.id = a.id WHERE a.user_id = 'night';
SELECT is(btwin._analyze_burnout('night', :m + interval '5 hours') - 'risk_level', '{"created": 0, "updated": 0, "reason": null}', 'again: nothing');
SELECT results_eq($$SELECT a.ctid, p.ctid FROM burnout_risk_assessments a JOIN btwin.provenance p ON p.id = a.id WHERE a.user_id = 'night'$$, 'SELECT * FROM night', 'no row was written');
INSERT INTO cognitive_load_metrics (user_id, load_score, stress_indicators, confidence_level, timestamp) VALUES ('night', 95, '[]', 0.5, :m + interval '1 hour');
SELECT is(btwin._analyze_burnout('night', :m + interval '5 hours') - 'risk_level', '{"created": 0, "updated": 1, "reason": null}', 'another row, other figures');
SELECT is(btwin._analyze_burnout('night', :m + interval '24 hours') - 'risk_level', '{"created": 1, "updated": 0, "reason": null}', 'the next day');

SELECT * FROM finish();
ROLLBACK;
