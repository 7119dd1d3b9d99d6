-- The analysis of stress: patterns that keep their row
\set QUIET on
SET client_min_messages = warning;
SET DateStyle = 'ISO, YMD';
SET TimeZone = 'Asia/Tokyo';
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS btwin;
SELECT plan(16);
CREATE TEMP TABLE attached AS SELECT * FROM btwin.attach('public');
ALTER TABLE cognitive_load_metrics ALTER confidence_level SET DEFAULT 0.5, ALTER stress_indicators SET DEFAULT '[]';
CREATE FUNCTION pg_temp.run(moment timestamptz, learner text DEFAULT 'ann') RETURNS text LANGUAGE sql AS $$
SELECT concat_ws(' ', d ->> 'created', d ->> 'updated', d ->> 'removed') FROM btwin._analyze_stress(learner, moment) AS d
$$;
CREATE FUNCTION pg_temp.stored() RETURNS text LANGUAGE sql AS $$
SELECT string_agg(concat_ws(' ', d ->> 'type', d ->> 'key', d ->> 'label', d ->> 'mean_load', d ->> 'session_count', confidence), ', ' ORDER BY d ->> 'type') FROM (SELECT pattern_data AS d, confidence FROM stress_response_patterns WHERE user_id = 'ann' AND id <> 'own') s
$$;
CREATE FUNCTION pg_temp.versions() RETURNS text LANGUAGE sql AS $$
SELECT md5(concat((SELECT string_agg(concat(ctid, xmin, t), ',' ORDER BY id) FROM stress_response_patterns t), (SELECT string_agg(concat(ctid, xmin, t), ',' ORDER BY id) FROM btwin.provenance t)))
$$;
INSERT INTO users (id) VALUES ('ann'), ('bob');
INSERT INTO btwin.learner (user_id, time_zone) VALUES ('ann', 'Europe/Berlin');
SELECT is((SELECT concat_ws(' ', position, step, function) FROM btwin.analysis_step WHERE step = 'stress'), '50 stress btwin._analyze_stress', 'a step of the analysis');
SELECT is(pg_temp.run('2026-03-16 12:00+00'), '0 0 0', 'no rows');
-- nine sessions at 9 hours in Berlin of 70 each, six of them of anatomy: an hour needs 9 of 15, a topic 6 of 10
INSERT INTO courses (id, user_id, name) VALUES ('co1', 'ann', 'Anatomy');
INSERT INTO lectures (id, user_id, course_id, title) VALUES ('le1', 'ann', 'co1', 'Bones');
INSERT INTO learning_objectives (id, lecture_id, objective) VALUES ('ob1', 'le1', 'Names of bones');
INSERT INTO missions (id, user_id, date, status, estimated_minutes, objectives) VALUES ('mi1', 'ann', '2026-03-01 00:00+00', 'COMPLETED', 30, '[{"id": "ob1"}]');
INSERT INTO study_sessions (id, user_id, started_at, mission_id) SELECT 's' || n, 'ann', '2026-03-01 08:15+00'::timestamptz + n * interval '1 day', CASE WHEN n <= 6 THEN 'mi1' END FROM generate_series(1, 9) n;
INSERT INTO cognitive_load_metrics (id, user_id, session_id, timestamp, load_score) SELECT 'l' || n, 'ann', 's' || n, '2026-03-01 08:20+00'::timestamptz + n * interval '1 day', 70 FROM generate_series(1, 9) n;
-- the application's own pattern of the same hour
INSERT INTO stress_response_patterns (id, user_id, pattern_data, confidence, detected_at) VALUES ('own', 'ann', '{"type": "HOUR", "key": "9"}', 0.5, '2026-03-01 00:00+00');
SELECT is(pg_temp.run('2026-03-16 12:00+00') || '; ' || pg_temp.stored(), '2 0 0; HOUR 9 09:00 70.000000000 9 0.6, TOPIC co1 Anatomy 70.000000000 6 0.6', 'an hour and a topic');
SELECT is((SELECT count(*) FROM stress_response_patterns WHERE id ~ '^c[0-9a-f]{24}$' AND detected_at = '2026-03-16 12:00+00' AND user_id = 'ann'), 2::bigint, 'their rows');
SELECT results_eq($$SELECT p.method, p.version, p.computed_for, p.evidence_count, p.low, p.high, r.pattern_data ->> 'type' FROM btwin.provenance p JOIN stress_response_patterns r USING (id, user_id) WHERE p.kind = 'stress_response_patterns' ORDER BY 4$$,
    $$VALUES ('btwin', 'stress-1', '2026-03-16 12:00+00'::timestamptz, 6, NULL::float8, NULL::float8, 'TOPIC'), ('btwin', 'stress-1', '2026-03-16 12:00+00', 9, NULL, NULL, 'HOUR')$$, 'and where they come from');
SELECT is((SELECT string_agg(s ->> 'label', ', ') FROM jsonb_array_elements(d -> 'stressors') s) || ' ' || jsonb_array_length(d -> 'stored_patterns') || ' ' || ((d -> 'stressors' -> 0) ? 'key'), '09:00, Anatomy 3 false', 'the endpoint finds and lists the same') FROM btwin_api.stress_profile('ann', '2026-03-16 12:00:01+00') d;
CREATE TEMP TABLE seen AS SELECT pg_temp.versions() AS v;
SELECT is(pg_temp.run('2026-03-17 12:00+00'), '0 0 0', 'again');
SELECT is(pg_temp.versions(), v, 'nothing is written') FROM seen;
-- a tenth session at that hour, of 80 and 82: (9 * 70 + 81)/10 = 71.1
CREATE TEMP TABLE kept AS SELECT id, detected_at, pattern_data ->> 'type' AS type FROM stress_response_patterns;
INSERT INTO study_sessions (id, user_id, started_at) VALUES ('s10', 'ann', '2026-03-17 08:15+00');
INSERT INTO cognitive_load_metrics (id, user_id, session_id, timestamp, load_score) VALUES ('l10', 'ann', 's10', '2026-03-17 08:20+00', 80), ('l11', 'ann', 's10', '2026-03-17 08:30+00', 82);
SELECT is(pg_temp.run('2026-03-18 12:00+00') || '; ' || pg_temp.stored(), '0 1 0; HOUR 9 09:00 71.100000000 10 0.6666666666666666, TOPIC co1 Anatomy 70.000000000 6 0.6', 'what changed is written');
SELECT is((SELECT count(*) FROM kept JOIN stress_response_patterns r USING (id, detected_at)), 3::bigint, 'in place, detected when it was first');
SELECT is((SELECT string_agg(evidence_count || ' ' || (computed_for AT TIME ZONE 'UTC')::date, ', ' ORDER BY evidence_count DESC) FROM btwin.provenance), '10 2026-03-18, 6 2026-03-16', 'with its provenance');
-- a course under another name is the same course; a topic that is no longer hard goes
UPDATE courses SET name = 'Anatomy I';
SELECT is(pg_temp.run('2026-03-18 12:00+00') || ' ' || (SELECT count(*) FROM kept k JOIN stress_response_patterns r USING (id)), '0 1 0 3', 'a name is not its key');
UPDATE cognitive_load_metrics SET load_score = 65 WHERE session_id IN ('s1', 's2', 's3', 's4', 's5', 's6');
SELECT is(pg_temp.run('2026-03-18 12:00+00') || '; ' || pg_temp.stored(), '0 1 1; HOUR 9 09:00 68.100000000 10 0.6666666666666666', 'what does not hold any more is gone');
SELECT is((SELECT string_agg(p.evidence_count::text, ', ') FROM btwin.provenance p), '10', 'and what was known about it');
SELECT results_eq($$SELECT pattern_data, confidence, detected_at FROM stress_response_patterns WHERE id = 'own'$$, $$VALUES ('{"type": "HOUR", "key": "9"}'::jsonb, 0.5::float8, '2026-03-01 00:00+00'::timestamptz)$$, 'patterns of the application stay');
SELECT is(pg_temp.run('2026-03-18 12:00+00', 'bob'), '0 0 0', 'another learner has none');
SELECT * FROM finish();
