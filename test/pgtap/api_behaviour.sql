-- Habits, insights and the profile, as an application reads them.
-- Everything is asked for Monday, 2026-03-16 12:00 UTC, unless said otherwise.
\set QUIET on
SET client_min_messages = warning;
SET DateStyle = 'ISO, YMD';
SET TimeZone = 'Pacific/Auckland';
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS btwin;
SELECT no_plan();
-- what a call is refused with
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
SELECT is(refusal('SELECT * FROM btwin_api.' || f), 'PT400 not_attached', f || ' before attach')
FROM unnest('{patterns(),pattern_evolution(),insights(),learning_profile(),"explain_pattern(pattern_id => ''x'')"}'::text[]) AS f;
CREATE TEMP TABLE attached AS SELECT * FROM btwin.attach('public');
INSERT INTO users (id) VALUES ('ada'), ('bob'), ('eva'), ('uma'), ('enough'), ('one');
INSERT INTO users (id, behavioral_analysis_enabled) VALUES ('off', false);
INSERT INTO users (id, learning_style_profiling_enabled) VALUES ('plain', false);
INSERT INTO btwin.learner (user_id, time_zone) VALUES ('ada', 'Europe/Berlin');
\set M '''2026-03-16 12:00+00''::timestamptz'

-- Patterns

INSERT INTO behavioral_patterns (id, user_id, pattern_type, pattern_name, pattern_data, confidence, first_detected_at, last_seen_at, evidence, occurrence_count) VALUES
('p1', 'ada', 'OPTIMAL_STUDY_TIME', 'hour', '{"effect": 0.1, "effect_low": 0.04, "effect_high": 0.16, "contributions": [{"factor": "prior", "value": 0.5, "contribution": 0.5},
   {"factor": "effect", "value": 0.1, "contribution": 0.3}, {"factor": "sample_size", "value": 36, "contribution": 0.25}, {"factor": "consistency", "value": 1.01, "contribution": -0.01},
   {"factor": "multiplicity", "value": 24, "contribution": -0.1}, {"factor": "recency", "value": 0.02, "contribution": -0.04}]}', 0.9, '2026-01-05Z', '2026-03-10Z', '{a,b}', 5),
('p2', 'ada', 'SESSION_DURATION_PREFERENCE', 'length', '{"effect": "large", "effect_low": 1e400, "effect_high": -1e400, "contributions": [{"factor": "effect", "value": 0.2, "contribution": 0.85}]}', 0.9, '2026-01-05Z', '2026-03-12Z', '{}', 1),
('p4', 'ada', 'FORGETTING_CURVE', NULL, '{}', 0.75, '2026-01-05Z', '2026-03-10Z', '{}', 1),
('p3', 'ada', 'CONTENT_TYPE_PREFERENCE', 'content', '{}', 0.75, '2026-01-05Z', '2026-03-10Z', '{}', 1),
('p5', 'ada', 'CONTENT_TYPE_PREFERENCE', 'kind', '{}', 0.6, '2026-01-05Z', '2026-03-10Z', '{}', 1),
('p6', 'ada', 'CONTENT_TYPE_PREFERENCE', 'low', '{}', 0.59, '2026-01-05Z', '2026-03-10Z', '{}', 1),
-- at the moment, and just after it
('p7', 'ada', 'PERFORMANCE_PEAK', 'now', '{}', 0.7, '2026-03-16 12:00Z', '2026-03-16 12:00Z', '{}', 1),
('p8', 'ada', 'PERFORMANCE_PEAK', 'later', '{}', 0.7, '2026-03-16 12:00:00.000001Z', '2026-03-16 12:00:00.000001Z', '{}', 1),
-- seen again since, and nobody kept what it was before
('p9', 'ada', 'ATTENTION_CYCLE', 'again', '{"effect": 3}', 0.95, '2026-03-01Z', '2026-03-16 12:00:00.000001Z', '{}', 1),
-- worked out anew since, with a history
('p10', 'ada', 'OPTIMAL_STUDY_TIME', 'weekday', '{"effect": 0.5}', 0.99, '2026-02-01Z', '2026-03-20Z', '{new}', 9),
('q1', 'bob', 'OPTIMAL_STUDY_TIME', 'hour 9', '{}', 0.85, '2026-01-05Z', '2026-03-10Z', '{}', 9),
('q2', 'bob', 'OPTIMAL_STUDY_TIME', 'hour 10', '{}', 0.7, '2026-01-05Z', '2026-03-10Z', '{}', 9);
INSERT INTO btwin.provenance (user_id, kind, id, method, version, computed_for, evidence_count) VALUES
('ada', 'behavioral_patterns', 'p1', 'btwin', 'pattern-1', '2026-03-16 12:00Z', 36),
('ada', 'behavioral_patterns', 'p2', 'btwin', 'pattern-1', '2026-03-16 12:00:00.000001Z', 44),
('ada', 'behavioral_patterns', 'p10', 'btwin', 'pattern-2', '2026-03-20Z', 50),
-- of another table, and of another learner
('ada', 'behavioral_insights', 'p3', 'btwin', 'wrong', '2026-03-01Z', 1), ('eva', 'behavioral_patterns', 'p3', 'btwin', 'wrong', '2026-03-01Z', 1),
('bob', 'behavioral_patterns', 'q1', 'epic5', 'epic5-1', '2026-03-10Z', 20), ('bob', 'behavioral_patterns', 'q2', 'btwin', 'pattern-1', '2026-03-10Z', 20);
INSERT INTO btwin.pattern_history (user_id, pattern_id, changed_at, change, pattern_type, pattern_name, confidence, evidence_count, pattern_data, method, version) VALUES
('ada', 'p10', '2026-01-31Z', 'CREATED', 'OPTIMAL_STUDY_TIME', 'weekday', 0.61, 10, '{}', 'btwin', 'pattern-1'),
('ada', 'p10', '2026-03-14Z', 'UPDATED', 'OPTIMAL_STUDY_TIME', 'weekday', 0.72, 20, '{"effect": 0.25, "evidence": ["old"]}', 'btwin', 'pattern-1'),
('ada', 'p10', '2026-03-16 12:00Z', 'WEAKENED', 'OPTIMAL_STUDY_TIME', 'weekday', 0.65, 21, '{"effect": 0.125, "evidence": ["old", "older"]}', 'btwin', 'pattern-1'),
('ada', 'p10', '2026-03-16 12:00:00.000001Z', 'UPDATED', 'OPTIMAL_STUDY_TIME', 'weekday', 0.99, 50, '{"effect": 0.5}', 'btwin', 'pattern-2'),
-- gone since
('ada', 'p11', '2026-03-01Z', 'CREATED', 'FORGETTING_CURVE', 'curve', 0.8, 60, '{}', 'btwin', 'pattern-1'),
('ada', 'p11', '2026-03-17Z', 'REMOVED', 'FORGETTING_CURVE', 'curve', 0.3, 60, '{}', 'btwin', 'pattern-1'),
-- gone before, back since
('ada', 'p12', '2026-02-01Z', 'CREATED', 'FORGETTING_CURVE', 'slope', 0.8, 60, '{}', 'btwin', 'pattern-1'),
('ada', 'p12', '2026-03-16 12:00Z', 'REMOVED', 'FORGETTING_CURVE', 'slope', 0.3, 60, '{}', 'btwin', 'pattern-1'),
('ada', 'p12', '2026-03-18Z', 'CREATED', 'FORGETTING_CURVE', 'slope', 0.9, 60, '{}', 'btwin', 'pattern-1'),
-- not measured then
('ada', 'p13', '2026-02-01Z', 'CREATED', 'FORGETTING_CURVE', 'blank', NULL, NULL, NULL, 'btwin', 'pattern-1'),
('ada', 'p13', '2026-03-18Z', 'REMOVED', 'FORGETTING_CURVE', 'blank', 0.2, 60, '{}', 'btwin', 'pattern-1'),
-- 0.6 as first stored again, 8 times seen, once missed; what was before its removal no longer counts
('bob', 'q1', '2025-12-01Z', 'CREATED', 'OPTIMAL_STUDY_TIME', 'hour 9', 0.9, 20, '{}', 'epic5', 'epic5-1'),
('bob', 'q1', '2025-12-02Z', 'UPDATED', 'OPTIMAL_STUDY_TIME', 'hour 9', 0.95, 20, '{}', 'epic5', 'epic5-1'),
('bob', 'q1', '2025-12-03Z', 'WEAKENED', 'OPTIMAL_STUDY_TIME', 'hour 9', 0.85, 20, '{}', 'epic5', 'epic5-1'),
('bob', 'q1', '2025-12-04Z', 'REMOVED', 'OPTIMAL_STUDY_TIME', 'hour 9', 0.3, 20, '{}', 'epic5', 'epic5-1'),
('bob', 'q1', '2026-01-05Z', 'CREATED', 'OPTIMAL_STUDY_TIME', 'hour 9', 0.6, 20, '{}', 'epic5', 'epic5-1');
INSERT INTO btwin.pattern_history (user_id, pattern_id, changed_at, change, pattern_type, pattern_name, confidence, evidence_count, pattern_data, method, version)
SELECT 'bob', 'q1', timestamptz '2026-01-05Z' + g * interval '168 hours', CASE g WHEN 9 THEN 'WEAKENED' ELSE 'UPDATED' END, 'OPTIMAL_STUDY_TIME', 'hour 9', CASE g WHEN 9 THEN 0.85 ELSE least(0.6 + g * 0.05, 0.95) END, 20, '{}', 'epic5', 'epic5-1'
FROM generate_series(1, 9) g;

SET btwin.user_id = 'ada';
SELECT results_eq($$SELECT id, confidence, reason FROM btwin_api.patterns(as_of => '2026-03-16 12:00Z')$$,
                  $$VALUES ('p2', 0.9::float8, NULL::text), ('p1', 0.9, NULL), ('p11', 0.8, NULL), ('p3', 0.75, NULL), ('p4', 0.75, NULL), ('p7', 0.7, NULL), ('p10', 0.65, NULL), ('p5', 0.6, NULL)$$,
                  'patterns: by confidence, last seen, id; from 0.6; what was at the moment');
SELECT results_eq($$SELECT id, confidence, last_seen_at, reason FROM btwin_api.patterns(min_confidence => 0, as_of => '2026-03-16 12:00Z') OFFSET 8$$,
                  $$VALUES ('p6', 0.59::float8, '2026-03-10Z'::timestamptz, NULL::text), ('p13', NULL, '2026-02-01Z', 'not_measured'), ('p9', NULL, NULL, 'no_history')$$,
                  'patterns: 0 also lists what is not known');
SELECT is((SELECT to_jsonb(t) - 'pattern_data' FROM btwin_api.patterns(as_of => :M) t WHERE id = 'p1'),
          '{"id": "p1", "pattern_type": "OPTIMAL_STUDY_TIME", "pattern_name": "hour", "evidence": ["a", "b"], "occurrence_count": 5, "first_detected_at": "2026-01-05T13:00:00+13:00",
            "last_seen_at": "2026-03-10T13:00:00+13:00", "effect": 0.1, "effect_low": 0.04, "effect_high": 0.16, "confidence": 0.9, "evidence_count": 36, "method": "btwin", "version": "pattern-1",
            "computed_for": "2026-03-17T01:00:00+13:00", "reason": null}'::jsonb, 'patterns: every column');
SELECT is((SELECT pattern_data ->> 'effect_high' FROM btwin_api.patterns(as_of => :M) WHERE id = 'p1'), '0.16', 'patterns: and the details');
SELECT results_eq($$SELECT effect, effect_low, effect_high, evidence_count, method, version, computed_for FROM btwin_api.patterns(as_of => '2026-03-16 12:00Z') WHERE id = 'p2'$$,
                  $$VALUES (NULL::float8, NULL::float8, NULL::float8, NULL::integer, 'btwin', 'pattern-1', '2026-03-12Z'::timestamptz)$$,
                  'patterns: what is no number, or none a float8 can hold, is not known; neither is what was counted later');
SELECT results_eq($$SELECT evidence_count, method, version, computed_for FROM btwin_api.patterns(as_of => '2026-03-16 12:00Z') WHERE id = 'p3'$$,
                  $$VALUES (NULL::integer, 'application', NULL::text, NULL::timestamptz)$$, 'patterns: of the application, with no provenance');
SELECT results_eq($$SELECT to_jsonb(t) FROM btwin_api.patterns(as_of => '2026-03-16 12:00Z') t WHERE id = 'p10'$$,
                  $$VALUES ('{"id": "p10", "pattern_type": "OPTIMAL_STUDY_TIME", "pattern_name": "weekday", "pattern_data": {"effect": 0.125, "evidence": ["old", "older"]}, "evidence": ["old", "older"], "occurrence_count": null,
                              "first_detected_at": "2026-01-31T13:00:00+13:00", "last_seen_at": "2026-03-14T13:00:00+13:00", "effect": 0.125, "effect_low": null, "effect_high": null, "confidence": 0.65, "evidence_count": 21,
                              "method": "btwin", "version": "pattern-1", "computed_for": "2026-03-17T01:00:00+13:00", "reason": null}'::jsonb)$$,
                  'patterns: changed since, it is what history says it was; a weaker one was not seen');
SELECT results_eq($$SELECT pattern_name, first_detected_at, last_seen_at, computed_for FROM btwin_api.patterns(as_of => '2026-03-16 12:00Z') WHERE id = 'p11'$$,
                  $$VALUES ('curve', '2026-03-01Z'::timestamptz, '2026-03-01Z'::timestamptz, '2026-03-01Z'::timestamptz)$$, 'patterns: gone since, history has its own times');
SELECT results_eq($$SELECT confidence, effect, evidence, occurrence_count, version FROM btwin_api.patterns(as_of => '2026-03-21Z') WHERE id = 'p10'$$,
                  $$VALUES (0.99::float8, 0.5::float8, '{new}'::text[], 9, 'pattern-2')$$, 'patterns: later it is what it became');
SELECT results_eq($$SELECT id, evidence_count FROM btwin_api.patterns(pattern_type_is => 'FORGETTING_CURVE', min_confidence => 0.8, as_of => '2026-03-16 12:00Z')$$,
                  $$VALUES ('p11', 60)$$, 'patterns: of a type');
SELECT results_eq($$SELECT id FROM btwin_api.patterns(pattern_type_is => 'FORGETTING_CURVE', as_of => '2026-03-16 11:59:59Z')$$,
                  $$VALUES ('p11'), ('p12'), ('p4')$$, 'patterns: before its removal it was there, and before the moment of its change');
SELECT results_eq($$SELECT id FROM btwin_api.patterns(as_of => '2026-03-17Z', pattern_type_is => 'FORGETTING_CURVE')$$, $$VALUES ('p4')$$, 'patterns: and removed at the moment it is not');
SELECT is_empty($$SELECT * FROM btwin_api.patterns(as_of => '2026-01-04 23:59:59Z', min_confidence => 0)$$, 'patterns: none before the first');

-- pages
CREATE FUNCTION walk(statement text, pages integer) RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE
    found text[];
    ids   text[] := '{}';
BEGIN
    FOR page IN 1 .. pages LOOP
        EXECUTE format('SELECT array_agg(id) FROM (SELECT id FROM %s) AS t', format(statement, coalesce(quote_literal(ids[cardinality(ids)]), 'NULL'))) INTO found;
        ids := ids || found;
    END LOOP;
    RETURN ids;
END $$;
SELECT is(walk($$btwin_api.patterns(min_confidence => 0, max_rows => 1, after_id => %s, as_of => '2026-03-16 12:00Z')$$, 12),
          '{p2,p1,p11,p3,p4,p7,p10,p5,p6,p13,p9}'::text[], 'patterns: page by page the same order, ties and unknown ones included');
SELECT is(walk($$btwin_api.patterns(min_confidence => 0, max_rows => 4, after_id => %s, as_of => '2026-03-16 12:00Z')$$, 3),
          '{p2,p1,p11,p3,p4,p7,p10,p5,p6,p13,p9}'::text[], 'patterns: in larger pages');
SELECT is((SELECT array_agg(id) FROM btwin_api.patterns(after_id => 'p6', min_confidence => 0.5, as_of => :M)), NULL, 'patterns: behind the last');
SELECT is((SELECT array_agg(id) FROM btwin_api.patterns(after_id => 'p1', pattern_type_is => 'CONTENT_TYPE_PREFERENCE', as_of => :M)), '{p3,p5}'::text[], 'patterns: behind a row that the filters leave out');
SELECT is(refusal($$SELECT * FROM btwin_api.patterns(after_id => 'q1', as_of => '2026-03-16 12:00Z')$$), refusal($$SELECT * FROM btwin_api.patterns(after_id => 'nowhere', as_of => '2026-03-16 12:00Z')$$), 'patterns: behind one of somebody else, as of nobody');
SELECT is(refusal($$SELECT * FROM btwin_api.patterns('bob', after_id => 'p1', as_of => '2026-03-16 12:00Z')$$), 'PT404 unknown_id', 'patterns: a service is told that it is not the learner''s');
SELECT is((SELECT count(*) FROM btwin_api.patterns(max_rows => 100, as_of => :M)), 8::bigint, 'patterns: up to 100 rows');
INSERT INTO behavioral_patterns (id, user_id, pattern_type, pattern_name, pattern_data, confidence, first_detected_at, last_seen_at)
SELECT 'u' || g, 'uma', 'PERFORMANCE_PEAK', g, '{}', 0.8, '2026-03-01Z', '2026-03-02Z' FROM generate_series(10, 30) g;
SELECT is((SELECT array_agg(id) FROM btwin_api.patterns('uma', as_of => :M)), (SELECT array_agg('u' || g) FROM generate_series(10, 29) g), 'patterns: 20 by default');
-- what an adopted table may hold
DO $$DECLARE c name; t text; BEGIN
    FOR t, c IN SELECT conrelid::regclass, conname FROM pg_constraint WHERE contype = 'c' AND conrelid IN ('behavioral_patterns'::regclass, 'behavioral_insights'::regclass, 'user_learning_profiles'::regclass, 'missions'::regclass) LOOP
        EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', t, c);
    END LOOP;
END$$;
UPDATE behavioral_patterns SET confidence = CASE id WHEN 'u10' THEN 'NaN' WHEN 'u11' THEN -0.1 WHEN 'u12' THEN 1.1 WHEN 'u13' THEN 1 WHEN 'u14' THEN 0 END WHERE id < 'u15' AND user_id = 'uma';
SELECT results_eq($$SELECT id, confidence, reason FROM btwin_api.patterns('uma', min_confidence => 0, max_rows => 100, as_of => '2026-03-16 12:00Z') WHERE id < 'u15'$$,
                  $$VALUES ('u13', 1::float8, NULL::text), ('u14', 0, NULL), ('u10', NULL, 'not_measured'), ('u11', NULL, 'not_measured'), ('u12', NULL, 'not_measured')$$, 'patterns: a confidence that is none');
SELECT is(walk($$btwin_api.patterns('uma', min_confidence => 0, max_rows => 3, after_id => %s, as_of => '2026-03-16 12:00Z')$$, 8),
          (SELECT array_agg(id) FROM btwin_api.patterns('uma', min_confidence => 0, max_rows => 100, as_of => :M)), 'patterns: also page by page');

SELECT is(refusal('SELECT * FROM btwin_api.patterns(' || arguments || ')'), refused, 'patterns: ' || arguments)
FROM (VALUES ('min_confidence => NULL', 'PT400 missing_argument min_confidence'), ('min_confidence => -0.001', 'PT400 out_of_range min_confidence'), ('min_confidence => 1.001', 'PT400 out_of_range min_confidence'),
             ('min_confidence => ''NaN''', 'PT400 out_of_range min_confidence'), ('max_rows => NULL', 'PT400 missing_argument max_rows'), ('max_rows => 0', 'PT400 out_of_range max_rows'),
             ('max_rows => 101', 'PT400 out_of_range max_rows'), ('pattern_type_is => ''HABIT''', 'PT400 not_allowed_value pattern_type_is'), ('as_of => ''infinity''', 'PT400 out_of_range as_of'),
             ('as_of => now() + interval ''1 hour''', 'PT400 out_of_range as_of'), ('''nobody''', 'PT404 unknown_learner user_id'), ('''off''', 'PT403 analysis_disabled'),
             ('min_confidence => 1', 'none'), ('max_rows => 1', 'none'), ('''off'', max_rows => 0', 'PT400 out_of_range max_rows')) AS v (arguments, refused);
-- one pattern with a change at the moment and none since; one that began at the moment and has changed since
INSERT INTO behavioral_patterns (id, user_id, pattern_type, pattern_name, pattern_data, confidence, first_detected_at, last_seen_at, occurrence_count) VALUES
('o1', 'one', 'PERFORMANCE_PEAK', 'x', '{}', 0.8, '2026-03-01Z', '2026-03-16Z', 7), ('o2', 'one', 'ATTENTION_CYCLE', 'y', '{}', 0.9, '2026-03-16 13:00Z', '2026-03-16 12:00Z', 7),
('o3', 'one', 'ATTENTION_CYCLE', 'z', '{}', 0.9, '2026-03-16 12:00Z', '2026-03-16 13:00Z', 7), ('o4', 'one', 'ATTENTION_CYCLE', 'z', '{}', 0.9, '2026-03-16 12:00:00.000001Z', '2026-03-16 13:00Z', 7);
INSERT INTO btwin.pattern_history (user_id, pattern_id, changed_at, change, pattern_type, pattern_name, confidence, method, version) VALUES
('one', 'o1', '2026-03-16 12:00Z', 'UPDATED', 'PERFORMANCE_PEAK', 'x', 0.8, 'btwin', 'pattern-1'),
('one', 'o2', '2026-03-16 12:00Z', 'CREATED', 'ATTENTION_CYCLE', 'y', 0.7, 'btwin', 'pattern-1'), ('one', 'o2', '2026-03-16 13:00Z', 'UPDATED', 'ATTENTION_CYCLE', 'y', 0.9, 'btwin', 'pattern-1');
SELECT results_eq($$SELECT id, confidence, occurrence_count, first_detected_at, last_seen_at FROM btwin_api.patterns('one', min_confidence => 0, as_of => '2026-03-16 12:00Z')$$,
                  $$VALUES ('o1', 0.8::float8, 7, '2026-03-01Z'::timestamptz, '2026-03-16Z'::timestamptz), ('o2', 0.7, NULL, '2026-03-16 12:00Z', '2026-03-16 12:00Z'), ('o3', NULL, NULL, '2026-03-16 12:00Z', NULL)$$, 'patterns: changes at the moment');
INSERT INTO behavioral_patterns (id, user_id, pattern_type, pattern_name, pattern_data, confidence, first_detected_at, last_seen_at) VALUES ('z1', 'plain', 'PERFORMANCE_PEAK', 'x', '{}', 0.8, '2026-03-01Z', '2026-03-17Z');
SELECT results_eq($$SELECT id, reason FROM btwin_api.patterns('plain', min_confidence => 0, as_of => '2026-03-16 12:00Z')$$, $$VALUES ('z1', 'no_history')$$, 'patterns: a single one, seen later');

-- Explanation

SELECT results_eq($$SELECT factor, value, weight, contribution, contribution_logit, is_base, version FROM btwin_api.explain_pattern(pattern_id => 'p1', as_of => '2026-03-16 12:00Z')$$,
                  $$VALUES ('prior', 0.5::float8, 1::float8, 0.5::float8, NULL::float8, true, 'pattern-1'), ('effect', 0.1, 1, 0.3, NULL, false, 'pattern-1'), ('sample_size', 36, 1, 0.25, NULL, false, 'pattern-1'),
                           ('consistency', 1.01, 1, -0.01, NULL, false, 'pattern-1'), ('multiplicity', 24, 1, -0.1, NULL, false, 'pattern-1'), ('recency', 0.02, 1, -0.04, NULL, false, 'pattern-1')$$,
                  'explain: the steps the analysis kept, in their order; they sum to 0.9, so nothing is left open');
SELECT is((SELECT string_agg(description, '; ') FROM btwin_api.explain_pattern(pattern_id => 'p1', as_of => :M)),
          'a habit, before any row is seen; the difference in score, had it been seen in 20 rows; the number of rows it was seen in; how much rows of a day and a week resemble each other; how many others could have been found instead; it may have begun or ended meanwhile', 'explain: in words');
-- 0.9 - 0.85
SELECT is((SELECT jsonb_agg(jsonb_build_array(factor, round(value::numeric, 9), weight, round(contribution::numeric, 9), is_base)) FROM btwin_api.explain_pattern(pattern_id => 'p2', as_of => :M)),
          '[["effect", 0.2, 1, 0.85, true], ["rounding", 0.05, 1, 0.05, false]]'::jsonb, 'explain: what the steps leave open is a row of its own');
-- 0.6 + 8 * 0.05 - 1 * 0.1 = 0.9, stored 0.85
SELECT is((SELECT jsonb_agg(jsonb_build_array(factor, round(value::numeric, 9), weight, round(contribution::numeric, 9), is_base)) FROM btwin_api.explain_pattern('bob', 'q1', :M)),
          '[["first_save", 0.6, 1, 0.6, true], ["increments", 8, 0.05, 0.4, false], ["decrements", 1, -0.1, -0.1, false], ["cap", -0.05, 1, -0.05, false]]'::jsonb, 'explain: the rule that counts runs, from its history since it was last created');
SELECT is((SELECT string_agg(description, '; ') FROM btwin_api.explain_pattern('bob', 'q1', :M)),
          'the confidence it was first stored with; runs of the analysis that found it again; runs of the analysis that did not find it; what the bounds of the rule took off', 'explain: in words');
-- until 2026-02-02 it was seen 4 times: 0.6 + 0.2 = 0.8; the row was last seen later, so history tells
SELECT is((SELECT jsonb_agg(jsonb_build_array(factor, round(value::numeric, 9), round(contribution::numeric, 9))) FROM btwin_api.explain_pattern('bob', 'q1', '2026-02-02Z')),
          '[["first_save", 0.6, 0.6], ["increments", 4, 0.2], ["decrements", 0, 0], ["cap", 0, 0]]'::jsonb, 'explain: at an earlier moment, its own changes included');
SELECT results_eq($$SELECT factor, value, weight, contribution, description, is_base, version FROM btwin_api.explain_pattern('bob', 'q2', '2026-03-16 12:00Z')$$,
                  $$VALUES ('stored', 0.7::float8, 1::float8, 0.7::float8, 'the stored confidence; nothing is known of how it came about', true, 'pattern-1')$$, 'explain: nothing was kept');
SELECT results_eq($$SELECT factor, contribution, version FROM btwin_api.explain_pattern(pattern_id => 'p3', as_of => '2026-03-16 12:00Z')$$, $$VALUES ('stored', 0.75::float8, NULL::text)$$, 'explain: a pattern of the application');
SELECT is((SELECT max(abs(e.total - p.confidence)) < 1e-9 FROM (VALUES ('ada'), ('bob'), ('uma')) AS u (id), btwin_api.patterns(u.id, as_of => :M) AS p,
                  LATERAL (SELECT sum(x.contribution) AS total FROM btwin_api.explain_pattern(u.id, p.id, :M) AS x) AS e), true, 'explain: contributions sum to the confidence');
SELECT results_eq($$SELECT factor, contribution FROM btwin_api.explain_pattern('uma', 'u14', '2026-03-16 12:00Z')$$, $$VALUES ('stored', 0::float8)$$, 'explain: a confidence of 0');
SELECT is((SELECT jsonb_agg(jsonb_build_array(factor, round(contribution::numeric, 9))) FROM btwin_api.explain_pattern('bob', 'q1', '2026-01-05Z')),
          '[["first_save", 0.6], ["increments", 0], ["decrements", 0], ["cap", 0]]'::jsonb, 'explain: at the moment it was created');
-- steps of a writer: 5e-12 and 5e-13 are left open; a step without a name or a contribution is none
INSERT INTO btwin.provenance (user_id, kind, id, method, version, computed_for) SELECT 'uma', 'behavioral_patterns', 'u' || g, 'btwin', 'pattern-1', '2026-03-02Z' FROM generate_series(20, 23) g;
UPDATE behavioral_patterns SET pattern_data = v.data::jsonb
FROM (VALUES ('u20', '{"contributions": [{"factor": "effect", "contribution": 0.799999999995}]}'), ('u21', '{"contributions": [{"factor": "effect", "contribution": 0.7999999999995}]}'),
             ('u22', '{"contributions": [{"factor": "effect", "value": 1}, {"contribution": 0.1}, 7, {"factor": "own", "contribution": 0.8}]}'), ('u23', '{"contributions": {"factor": "effect"}}')) AS v (id, data) WHERE behavioral_patterns.id = v.id;
SELECT is((SELECT string_agg(u || ' ' || factor || ' ' || description, ', ' ORDER BY u, is_base DESC) FROM unnest('{u20,u21,u22,u23}'::text[]) u, btwin_api.explain_pattern('uma', u, :M)),
          'u20 effect the difference in score, had it been seen in 20 rows, u20 rounding what the steps leave open, u21 effect the difference in score, had it been seen in 20 rows, u22 own own, u23 stored the stored confidence; nothing is known of how it came about', 'explain: what an account may hold');
SELECT is_empty($$SELECT * FROM btwin_api.explain_pattern(pattern_id => 'p9', as_of => '2026-03-16 12:00Z')$$, 'explain: no rows for a confidence that is not known');
SELECT is(refusal('SELECT * FROM btwin_api.explain_pattern(' || arguments || ')'), refused, 'explain: ' || arguments)
FROM (VALUES ('pattern_id => NULL', 'PT400 missing_argument pattern_id'), ('pattern_id => ''nowhere''', 'PT404 unknown_id'), ('pattern_id => ''q1''', 'PT404 unknown_id'), ('''nobody'', ''p1''', 'PT404 unknown_learner user_id'),
             ('pattern_id => ''p8'', as_of => ''2026-03-16 12:00Z''', 'PT404 unknown_id'), ('pattern_id => ''p12'', as_of => ''2026-03-16 12:00Z''', 'PT404 unknown_id'), ('''off'', ''p1''', 'PT403 analysis_disabled'),
             ('pattern_id => ''p1'', as_of => ''-infinity''', 'PT400 out_of_range as_of')) AS v (arguments, refused);

-- Week by week. Four weeks begin on 2026-02-16, 02-23, 03-02 and 03-09, each at 12:00 UTC.

INSERT INTO behavioral_patterns (id, user_id, pattern_type, pattern_name, pattern_data, confidence, first_detected_at, last_seen_at, evidence) VALUES
('e1', 'eva', 'OPTIMAL_STUDY_TIME', 'hour', '{}', 0.8, '2026-01-10Z', '2026-03-16 12:00Z', '{x}'),
('e3', 'eva', 'CONTENT_TYPE_PREFERENCE', 'of the application', '{}', 0.77, '2026-02-25Z', '2026-03-15Z', '{own,words}'),
('e4', 'eva', 'FORGETTING_CURVE', 'back again', '{}', 0.7, '2026-03-10Z', '2026-03-10Z', '{}'),
('e5', 'eva', 'PERFORMANCE_PEAK', 'new at the moment', '{}', 0.64, '2026-03-16 12:00Z', '2026-03-16 12:00Z', '{}'),
('e7', 'eva', 'FORGETTING_CURVE', 'older than its history', '{}', 0.66, '2025-12-01Z', '2026-03-05Z', '{}'),
('e10', 'eva', 'PERFORMANCE_PEAK', 'later', '{}', 0.64, '2026-03-16 12:00:00.000001Z', '2026-03-17Z', '{}'),
('e12', 'eva', 'ATTENTION_CYCLE', 'seen later', '{}', 0.9, '2026-03-16 11:00Z', '2026-03-16 12:00:00.000001Z', '{}');
INSERT INTO btwin.provenance (user_id, kind, id, method, version, computed_for, evidence_count) VALUES
('eva', 'behavioral_patterns', 'e4', 'btwin', 'pattern-1', '2026-03-10Z', 31), ('eva', 'behavioral_patterns', 'e7', 'btwin', 'pattern-0', '2026-03-05Z', 30), ('ada', 'behavioral_patterns', 'e3', 'btwin', 'wrong', '2026-03-10Z', 31);
INSERT INTO btwin.pattern_history (user_id, pattern_id, changed_at, change, pattern_type, pattern_name, confidence, evidence_count, pattern_data, method, version)
SELECT 'eva', v.id, v.at::timestamptz, v.change, p.pattern_type, coalesce(p.pattern_name, v.id), v.confidence, v.n, v.data::jsonb, 'btwin', 'pattern-1'
FROM (VALUES ('e1', '2026-01-10Z', 'CREATED', 0.62, 10, '{}'), ('e1', '2026-02-23 12:00Z', 'UPDATED', 0.70, 20, '{"evidence": ["old"]}'), ('e1', '2026-03-16 12:00Z', 'UPDATED', 0.80, 30, '{"evidence": ["x"]}'),
             ('e2', '2026-02-16 12:00Z', 'CREATED', 0.65, 10, NULL), ('e2', '2026-03-01Z', 'WEAKENED', 0.55, 11, NULL), ('e2', '2026-03-09 11:59:59Z', 'REMOVED', 0.35, 11, NULL),
             ('e4', '2026-01-01Z', 'CREATED', 0.75, 10, NULL), ('e4', '2026-03-02 12:00Z', 'REMOVED', NULL, 10, NULL), ('e4', '2026-03-10Z', 'CREATED', 0.70, 31, NULL),
             ('e5', '2026-03-16 12:00Z', 'CREATED', 0.64, 12, NULL),
             ('e6', '2026-01-01Z', 'CREATED', 0.60, 13, NULL), ('e6', '2026-03-17Z', 'REMOVED', 0.30, 13, NULL),
             ('e7', '2026-03-05Z', 'UPDATED', 0.66, 30, NULL),
             ('e8', '2026-01-01Z', 'CREATED', 0.60, 14, NULL), ('e8', '2026-02-16 11:59:59.999999Z', 'REMOVED', 0.20, 14, NULL),
             ('e9', '2026-01-01Z', 'CREATED', 0.61, 15, NULL), ('e9', '2026-02-16 12:00Z', 'REMOVED', 0.21, 15, NULL),
             ('e11', '2026-03-03Z', 'CREATED', 0.61, 16, NULL), ('e11', '2026-03-04Z', 'REMOVED', 0.22, 16, NULL)) AS v (id, at, change, confidence, n, data)
LEFT JOIN behavioral_patterns b ON b.id = v.id
CROSS JOIN LATERAL (SELECT coalesce(b.pattern_type, 'SESSION_DURATION_PREFERENCE'), b.pattern_name) AS p (pattern_type, pattern_name);
SET btwin.user_id = 'eva';
SELECT results_eq($$SELECT week_number, id, status, previous_confidence, confidence, reason FROM btwin_api.pattern_evolution(weeks => 4, as_of => '2026-03-16 12:00Z')$$,
                  $$VALUES (1, 'e4', 'EXISTING', 0.75::float8, 0.75::float8, NULL::text), (1, 'e7', 'EXISTING', NULL, NULL, 'no_history'), (1, 'e1', 'EXISTING', 0.62, 0.62, NULL),
                           (1, 'e2', 'NEW', NULL, 0.65, NULL), (1, 'e6', 'EXISTING', 0.60, 0.60, NULL), (1, 'e9', 'DISAPPEARED', 0.61, 0.21, NULL),
                           (2, 'e3', 'NEW', NULL, NULL, 'no_history'), (2, 'e4', 'EXISTING', 0.75, 0.75, NULL), (2, 'e7', 'EXISTING', NULL, NULL, 'no_history'), (2, 'e1', 'EXISTING', 0.62, 0.70, NULL),
                           (2, 'e6', 'EXISTING', 0.60, 0.60, NULL), (2, 'e2', 'EXISTING', 0.65, 0.55, NULL),
                           (3, 'e3', 'EXISTING', NULL, NULL, 'no_history'), (3, 'e7', 'EXISTING', NULL, 0.66, NULL), (3, 'e4', 'DISAPPEARED', 0.75, NULL, 'not_measured'), (3, 'e1', 'EXISTING', 0.70, 0.70, NULL),
                           (3, 'e6', 'EXISTING', 0.60, 0.60, NULL), (3, 'e2', 'DISAPPEARED', 0.55, 0.35, NULL), (3, 'e11', 'NEW', NULL, 0.22, NULL),
                           (4, 'e12', 'NEW', NULL, NULL, 'no_history'), (4, 'e3', 'EXISTING', NULL, 0.77, NULL), (4, 'e4', 'NEW', NULL, 0.70, NULL), (4, 'e7', 'EXISTING', 0.66, 0.66, NULL),
                           (4, 'e1', 'EXISTING', 0.70, 0.80, NULL), (4, 'e5', 'NEW', NULL, 0.64, NULL), (4, 'e6', 'EXISTING', 0.60, 0.60, NULL)$$,
                  'evolution: what came, stayed and went; changes at a boundary belong to the later week, those at the moment to the last; order');
SELECT is((SELECT jsonb_agg(to_jsonb(t) ORDER BY week_number) FROM btwin_api.pattern_evolution(weeks => 4, pattern_type_is => 'OPTIMAL_STUDY_TIME', as_of => :M) t WHERE week_number IN (2, 4)),
          '[{"week_number": 2, "week_start": "2026-02-24T01:00:00+13:00", "week_end": "2026-03-03T01:00:00+13:00", "id": "e1", "pattern_type": "OPTIMAL_STUDY_TIME", "pattern_name": "hour", "status": "EXISTING",
             "previous_confidence": 0.62, "metadata": ["old"], "confidence": 0.7, "evidence_count": 20, "method": "btwin", "version": "pattern-1", "computed_for": "2026-02-24T01:00:00+13:00", "reason": null},
            {"week_number": 4, "week_start": "2026-03-10T01:00:00+13:00", "week_end": "2026-03-17T01:00:00+13:00", "id": "e1", "pattern_type": "OPTIMAL_STUDY_TIME", "pattern_name": "hour", "status": "EXISTING",
             "previous_confidence": 0.7, "metadata": ["x"], "confidence": 0.8, "evidence_count": 30, "method": "btwin", "version": "pattern-1", "computed_for": "2026-03-17T01:00:00+13:00", "reason": null}]'::jsonb,
          'evolution: every column');
SELECT results_eq($$SELECT week_number, metadata, evidence_count, method, version, computed_for FROM btwin_api.pattern_evolution(weeks => 4, as_of => '2026-03-16 12:00Z') WHERE id IN ('e3', 'e12')$$,
                  $$VALUES (2, NULL::jsonb, NULL::integer, 'application', NULL::text, NULL::timestamptz), (3, NULL, NULL, 'application', NULL, NULL), (4, NULL, NULL, 'application', NULL, NULL),
                           (4, '["own", "words"]', NULL, 'application', NULL, NULL)$$, 'evolution: of the application; the row of today speaks for the last week, unless it was seen later');
SELECT results_eq($$SELECT week_number, evidence_count, method, version, computed_for FROM btwin_api.pattern_evolution(weeks => 4, as_of => '2026-03-16 12:00Z') WHERE id = 'e7'$$,
                  $$VALUES (1, NULL::integer, 'btwin', 'pattern-0', NULL::timestamptz), (2, NULL, 'btwin', 'pattern-0', NULL), (3, 30, 'btwin', 'pattern-1', '2026-03-05Z'), (4, 30, 'btwin', 'pattern-1', '2026-03-05Z')$$,
                  'evolution: before its history nothing is known but the rule');
-- with provenance and no history, the last week shows what the row and its provenance say
DELETE FROM btwin.pattern_history WHERE pattern_id = 'e7';
SELECT results_eq($$SELECT week_number, confidence, evidence_count, computed_for, reason FROM btwin_api.pattern_evolution(weeks => 2, as_of => '2026-03-16 12:00Z') WHERE id = 'e7'$$,
                  $$VALUES (1, NULL::float8, NULL::integer, NULL::timestamptz, 'no_history'), (2, 0.66, 30, '2026-03-05Z', NULL)$$, 'evolution: today''s value is not repeated');
UPDATE btwin.provenance SET computed_for = '2026-03-16 12:00:00.000001Z' WHERE id = 'e7';
SELECT results_eq($$SELECT confidence, evidence_count, computed_for FROM btwin_api.pattern_evolution(weeks => 1, as_of => '2026-03-16 12:00Z') WHERE id = 'e7'$$,
                  $$VALUES (0.66::float8, NULL::integer, NULL::timestamptz)$$, 'evolution: provenance of later');
CREATE FUNCTION shown(confidence float8) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    UPDATE behavioral_patterns p SET confidence = shown.confidence WHERE p.id = 'e7';
    RETURN (SELECT concat_ws(' ', e.confidence, e.reason) FROM btwin_api.pattern_evolution(weeks => 1, as_of => '2026-03-16 12:00Z') AS e WHERE e.id = 'e7');
END $$;
SELECT is(shown(c), expected, 'evolution: a confidence of ' || c) FROM (VALUES ('NaN'::float8, 'no_history'), (1.01, 'no_history'), (-0.01, 'no_history'), (1, '1'), (0, '0')) AS v (c, expected);
-- a change just after the moment has not happened
INSERT INTO btwin.pattern_history (user_id, pattern_id, changed_at, change, pattern_type, pattern_name, confidence, method, version) VALUES ('eva', 'e1', '2026-03-16 12:00:00.000001Z', 'UPDATED', 'OPTIMAL_STUDY_TIME', 'hour', 0.9, 'btwin', 'pattern-1');
SELECT is((SELECT confidence FROM btwin_api.pattern_evolution(weeks => 1, as_of => :M) WHERE id = 'e1'), 0.8::float8, 'evolution: not after the moment');
SELECT results_eq($$SELECT count(DISTINCT week_number), min(week_number), max(week_number), min(week_start) FROM btwin_api.pattern_evolution(as_of => '2026-03-16 12:00Z')$$,
                  $$VALUES (12::bigint, 1, 12, '2025-12-22 12:00Z'::timestamptz)$$, 'evolution: 12 weeks by default');
SELECT results_eq($$SELECT min(week_number), min(week_start), max(week_end) FROM btwin_api.pattern_evolution(weeks => 52, as_of => '2026-03-16 12:00Z')$$,
                  $$VALUES (37, '2025-11-24 12:00Z'::timestamptz, '2026-03-16 12:00Z'::timestamptz)$$, 'evolution: weeks without patterns give no row; 2025-12-01 00:00 lies in the 16th week from the end');
SELECT is_empty($$SELECT * FROM btwin_api.pattern_evolution('enough', as_of => '2026-03-16 12:00Z')$$, 'evolution: an empty learner');
SELECT is(refusal('SELECT * FROM btwin_api.pattern_evolution(' || arguments || ')'), refused, 'evolution: ' || arguments)
FROM (VALUES ('weeks => NULL', 'PT400 missing_argument weeks'), ('weeks => 0', 'PT400 out_of_range weeks'), ('weeks => 53', 'PT400 out_of_range weeks'), ('weeks => 1', 'none'), ('weeks => 52', 'none'),
             ('pattern_type_is => ''HABIT''', 'PT400 not_allowed_value pattern_type_is'), ('as_of => ''infinity''', 'PT400 out_of_range as_of'), ('''nobody''', 'PT404 unknown_learner user_id'),
             ('''off''', 'PT403 analysis_disabled'), ('''off'', weeks => 0', 'PT400 out_of_range weeks')) AS v (arguments, refused);

-- Insights

INSERT INTO behavioral_insights (id, user_id, insight_type, title, description, actionable_recommendation, confidence, created_at, acknowledged_at, applied) VALUES
('i1', 'ada', 'STUDY_TIME_OPTIMIZATION', 'Mornings', 'You do better at 9', 'Study at 9', 0.9, '2026-03-01Z', NULL, false),
('i2', 'ada', 'RETENTION_STRATEGY', 't', 'd', 'a', 0.9, '2026-03-02Z', NULL, false),
('i4', 'ada', 'CONTENT_PREFERENCE', 't', 'd', 'a', 0.8, '2026-03-01Z', NULL, false),
('i3', 'ada', 'CONTENT_PREFERENCE', 't', 'd', 'a', 0.8, '2026-03-01Z', NULL, false),
('i5', 'ada', 'SESSION_LENGTH_ADJUSTMENT', 't', 'd', 'a', 0.7, '2026-03-01Z', '2026-03-16 12:00Z', true),
('i6', 'ada', 'SESSION_LENGTH_ADJUSTMENT', 't', 'd', 'a', 0.6, '2026-03-01Z', '2026-03-16 12:00:00.000001Z', true),
('i7', 'ada', 'SESSION_LENGTH_ADJUSTMENT', 't', 'd', 'a', 0.5, '2026-03-16 12:00Z', NULL, true),
('i8', 'ada', 'SESSION_LENGTH_ADJUSTMENT', 't', 'd', 'a', 0.5, '2026-03-16 12:00:00.000001Z', NULL, false),
('i9', 'ada', 'SESSION_LENGTH_ADJUSTMENT', 't', 'd', 'a', 0, '2000-01-01 00:00Z', NULL, false),
('i10', 'ada', 'SESSION_LENGTH_ADJUSTMENT', 't', 'd', 'a', 1, '1999-12-31 23:59:59.999999Z', NULL, false),
('i11', 'ada', 'SESSION_LENGTH_ADJUSTMENT', 't', 'd', 'a', 'NaN', '2026-03-02Z', NULL, false),
('j1', 'bob', 'STUDY_TIME_OPTIMIZATION', 't', 'd', 'a', 1, '2026-03-02Z', NULL, false);
INSERT INTO insight_patterns (id, insight_id, pattern_id) VALUES ('l1', 'i1', 'p3'), ('l2', 'i1', 'p1'), ('l3', 'i2', 'p4');
INSERT INTO btwin.provenance (user_id, kind, id, method, version, computed_for, evidence_count) VALUES
('ada', 'behavioral_insights', 'i1', 'btwin', 'insight-1', '2026-03-16 12:00Z', 36), ('ada', 'behavioral_insights', 'i2', 'epic5', 'epic5-1', '2026-03-16 12:00:00.000001Z', 50),
('ada', 'behavioral_patterns', 'i4', 'btwin', 'wrong', '2026-03-01Z', 1), ('bob', 'behavioral_insights', 'i4', 'btwin', 'wrong', '2026-03-01Z', 1);
SET btwin.user_id = 'ada';
-- impact: 0.9 * 1.1, 0.9 * 1.2, 0.8 * 0.9, 0.6 * 1.0, 0.5 * 1.0
SELECT results_eq($$SELECT id, confidence, round(impact::numeric, 12)::float8, acknowledged_at, applied, reason FROM btwin_api.insights(as_of => '2026-03-16 12:00Z')$$,
                  $$VALUES ('i2', 0.9::float8, 0.99::float8, NULL::timestamptz, false, NULL::text), ('i1', 0.9, 1.08, NULL, false, NULL), ('i3', 0.8, 0.72, NULL, false, NULL), ('i4', 0.8, 0.72, NULL, false, NULL),
                           ('i6', 0.6, 0.6, NULL, false, NULL), ('i7', 0.5, 0.5, NULL, true, NULL), ('i9', 0, 0, NULL, false, NULL), ('i11', NULL, NULL, NULL, false, 'not_measured')$$,
                  'insights: open ones, by confidence, newest first, id; what was acknowledged later is open, and not applied yet');
SELECT results_eq($$SELECT id, acknowledged_at, applied FROM btwin_api.insights(include_acknowledged => true, as_of => '2026-03-16 12:00Z') WHERE id IN ('i5', 'i6')$$,
                  $$VALUES ('i5', '2026-03-16 12:00Z'::timestamptz, true), ('i6', NULL, false)$$, 'insights: acknowledged ones too');
SELECT is((SELECT to_jsonb(t) FROM btwin_api.insights(as_of => :M) t WHERE id = 'i1'),
          '{"id": "i1", "insight_type": "STUDY_TIME_OPTIMIZATION", "title": "Mornings", "description": "You do better at 9", "actionable_recommendation": "Study at 9", "impact": 1.08, "created_at": "2026-03-01T13:00:00+13:00",
            "acknowledged_at": null, "applied": false, "pattern_ids": ["p1", "p3"], "confidence": 0.9, "evidence_count": 36, "method": "btwin", "version": "insight-1", "computed_for": "2026-03-17T01:00:00+13:00", "reason": null}'::jsonb,
          'insights: every column');
SELECT results_eq($$SELECT id, evidence_count, method, version, computed_for, pattern_ids FROM btwin_api.insights(as_of => '2026-03-16 12:00Z') WHERE id IN ('i2', 'i4')$$,
                  $$VALUES ('i2', NULL::integer, 'epic5', 'epic5-1', '2026-03-02Z'::timestamptz, '{p4}'::text[]), ('i4', NULL, 'application', NULL, NULL, '{}')$$, 'insights: counted later, and of the application');
SELECT is(walk($$btwin_api.insights(max_rows => 1, after_id => %s, as_of => '2026-03-16 12:00Z')$$, 9), '{i2,i1,i3,i4,i6,i7,i9,i11}'::text[], 'insights: page by page');
SELECT is(walk($$btwin_api.insights(max_rows => 3, after_id => %s, as_of => '2026-03-16 12:00Z')$$, 3), '{i2,i1,i3,i4,i6,i7,i9,i11}'::text[], 'insights: in larger pages');
SELECT is((SELECT array_agg(id) FROM btwin_api.insights(after_id => 'i5', as_of => :M)), '{i6,i7,i9,i11}'::text[], 'insights: behind one that the filter leaves out');
INSERT INTO behavioral_insights (id, user_id, insight_type, title, description, actionable_recommendation, confidence, created_at)
SELECT 'k' || g, 'uma', 'CONTENT_PREFERENCE', 't', 'd', 'a', CASE WHEN g > 15 THEN 0.8 WHEN g > 12 THEN 1.5 ELSE -0.5 END, '2026-03-01Z' FROM generate_series(10, 30) g;
SELECT is((SELECT count(*) FROM btwin_api.insights('uma', as_of => :M)), 20::bigint, 'insights: 20 by default');
SELECT is(walk($$btwin_api.insights('uma', max_rows => 2, after_id => %s, as_of => '2026-03-16 12:00Z')$$, 11),
          (SELECT array_agg('k' || g ORDER BY g <= 15, g) FROM generate_series(10, 30) g), 'insights: unknown confidences come last, also page by page');
SELECT is_empty($$SELECT * FROM btwin_api.insights('eva', as_of => '2026-03-16 12:00Z')$$, 'insights: an empty learner');
SELECT is(refusal('SELECT * FROM btwin_api.insights(' || arguments || ')'), refused, 'insights: ' || arguments)
FROM (VALUES ('include_acknowledged => NULL', 'PT400 missing_argument include_acknowledged'), ('max_rows => NULL', 'PT400 missing_argument max_rows'), ('max_rows => 0', 'PT400 out_of_range max_rows'),
             ('max_rows => 101', 'PT400 out_of_range max_rows'), ('max_rows => 100', 'none'), ('max_rows => 1', 'none'), ('after_id => ''nowhere''', 'PT404 unknown_id'), ('after_id => ''j1''', 'PT404 unknown_id'),
             ('after_id => ''i8'', as_of => ''2026-03-16 12:00Z''', 'PT404 unknown_id'), ('after_id => ''i7'', as_of => ''2026-03-16 12:00Z''', 'none'), ('as_of => ''infinity''', 'PT400 out_of_range as_of'),
             ('''nobody''', 'PT404 unknown_learner user_id'), ('''off''', 'PT403 analysis_disabled'), ('''off'', max_rows => 0', 'PT400 out_of_range max_rows')) AS v (arguments, refused);

-- Profile

-- 20 completed sessions, 50 reviews, the first session 42 days before the moment to the microsecond
INSERT INTO courses (id, user_id, name) VALUES ('c', 'enough', 'course');
INSERT INTO cards (id, course_id, front, back) VALUES ('k', 'c', 'f', 'b');
INSERT INTO study_sessions (id, user_id, started_at, completed_at)
SELECT 's' || g, 'enough', timestamptz '2026-02-02 12:00Z' + g * interval '1 hour', timestamptz '2026-02-02 12:30Z' + g * interval '1 hour' FROM generate_series(0, 18) g;
INSERT INTO study_sessions (id, user_id, started_at, completed_at) VALUES
('s19', 'enough', '2026-03-16 11:00Z', '2026-03-16 12:00Z'),    -- completed at the moment
('s20', 'enough', '2026-02-20Z', NULL);                         -- never completed
INSERT INTO reviews (id, user_id, card_id, rating, time_spent_ms, reviewed_at)
SELECT 'r' || g, 'enough', 'k', 'GOOD', 1, timestamptz '2026-02-02 12:00Z' + g * interval '1 minute' FROM generate_series(1, 49) g;
INSERT INTO reviews (id, user_id, card_id, rating, time_spent_ms, reviewed_at) VALUES ('r50', 'enough', 'k', 'AGAIN', 1, '2026-03-16 11:59:59.999999Z');
SET btwin.user_id = 'enough';
SELECT is((SELECT d - 'load_tolerance' FROM btwin_api.learning_profile(as_of => :M) d),
          '{"sufficient": true, "requirements": {"weeks_needed": 0, "sessions_needed": 0, "reviews_needed": 0}, "has_profile": false, "preferred_study_times": [], "average_session_minutes": null,
            "optimal_session_minutes": {"value": null, "low": null, "high": null, "confidence": null, "evidence_count": null, "method": null, "version": null, "computed_for": null, "reasons": [], "reason": "no_rows"},
            "content_preferences": {"lectures": null, "flashcards": null, "validation": null, "clinical_reasoning": null, "reason": "no_rows"},
            "exposure_mix": {"visual": null, "auditory": null, "reading": null, "kinesthetic": null, "reason": "no_rows"},
            "forgetting_curve": {"initial_retention": null, "decay_rate": null, "half_life_days": null, "recommended_review_interval_days": null,
                                 "score": {"value": null, "low": null, "high": null, "confidence": null, "evidence_count": null, "method": null, "version": null, "computed_for": null, "reasons": [], "reason": "no_rows"}},
            "data_quality_score": null, "last_analyzed_at": null}'::jsonb, 'profile: exactly enough, and no profile yet');
SELECT is((SELECT d -> 'load_tolerance' FROM btwin_api.learning_profile(as_of => :M) d),
          '{"value": 65, "low": null, "high": null, "confidence": 0, "evidence_count": null, "method": null, "version": null, "computed_for": null, "reasons": [], "reason": "default_used"}'::jsonb, 'profile: the usual tolerance is used');
-- a microsecond earlier: five whole weeks, the last session is not completed, the last review still to come
SELECT is((SELECT d -> 'requirements' FROM btwin_api.learning_profile(as_of => '2026-03-16 11:59:59.999999Z') d), '{"weeks_needed": 1, "sessions_needed": 1, "reviews_needed": 1}'::jsonb, 'profile: one of each is missing');
SELECT is((SELECT d ->> 'sufficient' FROM btwin_api.learning_profile(as_of => '2026-03-16 11:59:59.999999Z') d), 'false', 'profile: that is not enough');
SELECT is((SELECT d #>> '{content_preferences,reason}' FROM btwin_api.learning_profile(as_of => '2026-03-16 11:59:59.999999Z') d), 'insufficient_data', 'profile: and why there is none');
SELECT is((SELECT d -> 'requirements' FROM btwin_api.learning_profile(as_of => '2026-02-02 12:00Z') d), '{"weeks_needed": 6, "sessions_needed": 20, "reviews_needed": 50}'::jsonb, 'profile: before the first row');
SELECT is((SELECT d -> 'requirements' FROM btwin_api.learning_profile('bob', as_of => :M) d), '{"weeks_needed": 6, "sessions_needed": 20, "reviews_needed": 50}'::jsonb, 'profile: an empty learner');
INSERT INTO study_sessions (id, user_id, started_at, completed_at) VALUES ('one', 'one', '2026-03-02 12:00Z', '2026-03-02 12:30Z');
SELECT is((SELECT d -> 'requirements' FROM btwin_api.learning_profile('one', as_of => :M) d), '{"weeks_needed": 4, "sessions_needed": 19, "reviews_needed": 50}'::jsonb, 'profile: one session');
-- all time begins with the year 2000
INSERT INTO study_sessions (id, user_id, started_at, completed_at) VALUES ('one2', 'one', '2000-01-01 00:00Z', '2000-01-01 00:30Z'), ('one3', 'one', '1999-12-31 23:59:59.999999Z', '2000-01-01 00:00Z');
INSERT INTO reviews (id, user_id, card_id, rating, time_spent_ms, reviewed_at) VALUES ('one2', 'one', 'k', 'GOOD', 1, '2000-01-01 00:00Z'), ('one3', 'one', 'k', 'GOOD', 1, '1999-12-31 23:59:59.999999Z');
SELECT is((SELECT d -> 'requirements' FROM btwin_api.learning_profile('one', as_of => :M) d), '{"weeks_needed": 0, "sessions_needed": 18, "reviews_needed": 49}'::jsonb, 'profile: all time');
SELECT is((SELECT d #> '{requirements,weeks_needed}' FROM btwin_api.learning_profile('one', as_of => '2000-01-07 23:59:59Z') d), '6', 'profile: no week is whole yet');

INSERT INTO user_learning_profiles (id, user_id, preferred_study_times, average_session_duration, optimal_session_duration, content_preferences, learning_style_profile, personalized_forgetting_curve, last_analyzed_at, data_quality_score) VALUES
('f1', 'ada', '[{"dayOfWeek": -1, "startHour": 23, "endHour": 0, "effectiveness": 0.8}, {"day_of_week": 6, "start_hour": 0, "end_hour": 24, "effectiveness": 1.2}, {"startHour": 9, "endHour": 10, "effectiveness": 0},
    {"dayOfWeek": 7, "startHour": 9, "endHour": 10}, {"dayOfWeek": -2, "startHour": 9, "endHour": 10}, {"dayOfWeek": 1, "startHour": 24, "endHour": 1}, {"dayOfWeek": 1, "startHour": -1, "endHour": 1},
    {"dayOfWeek": 1, "startHour": 9, "endHour": 25}, {"dayOfWeek": 1, "startHour": 9, "endHour": -1}, {"dayOfWeek": 1, "startHour": 9, "endHour": 0.5}, {"dayOfWeek": 1, "endHour": 10}, {"dayOfWeek": 0, "startHour": 9, "endHour": 1, "effectiveness": -0.1}, 7]',
 42, 50, '{"lectures": 0.2, "flashcards": 0.6, "validation": 0.8, "clinicalReasoning": 0.4}', '{"visual": 0.1, "auditory": 0.2, "reading": 0.3, "kinesthetic": 0.4, "loadTolerance": 72.5}',
 '{"initialRetention": 0.91, "decayRate": 0.1, "stabilityFactor": 7, "halfLifeLow": 5, "halfLifeHigh": 9, "confidence": 0.85, "evidenceCount": 312}', '2026-03-15Z', 0.75),
('f2', 'plain', '{}', 45, 45, '{"preferredTypes": ["lecture"]}', '{"visual": 0.25, "auditory": 0.25, "reading": 0.25, "kinesthetic": 0.25, "loadTolerance": 100.5}', '{"R0": 0.7, "k": 0.2}', '2026-03-15Z', 0),
('f3', 'uma', '[]', 45, 45, '{"lectures": 0, "flashcards": 0, "validation": 0, "clinical_reasoning": 0}', '{"visual": -0.25, "auditory": 0.25, "reading": 0.25, "kinesthetic": 0.25}',
 '{"initial_retention": 1.5, "decay_rate": -0.1, "half_life_days": 0, "half_life_low": 6, "half_life_high": 5, "confidence": 1.5, "evidence_count": -1, "recommended_review_interval_days": -1}', '2026-03-15Z', 'NaN'),
('f4', 'eva', '[]', 45, 45, '{"lectures": 1, "flashcards": 0, "validation": 0, "clinical_reasoning": 0}', '{"load_tolerance": 0}',
 '{"initial_retention": 0.69, "decay_rate": 0, "half_life_days": 4.5, "half_life_low": 0, "half_life_high": 0, "evidence_count": 0, "recommended_review_interval_days": 0}', '2026-03-15Z', 1);
INSERT INTO btwin.provenance (user_id, kind, id, method, version, computed_for, evidence_count, low, high) VALUES
('ada', 'user_learning_profiles', 'f1', 'btwin', 'profile-1', '2026-03-15 01:00Z', 120, 44, 58), ('ada', 'behavioral_patterns', 'f1', 'btwin', 'wrong', '2026-03-15Z', 1, 1, 1), ('eva', 'user_learning_profiles', 'f1', 'btwin', 'wrong', '2026-03-15Z', 1, 1, 1);
SET btwin.user_id = 'ada';
-- shares 0.2, 0.6, 0.8, 0.4 of 2; until 70 of the 91 % are left: ln(0.91 / 0.7) / 0.1 = ln(1.3) * 10 = 2.62364264467491
SELECT is((SELECT d - 'sufficient' - 'requirements' FROM btwin_api.learning_profile(as_of => :M) d) #- '{forgetting_curve,recommended_review_interval_days}',
          '{"has_profile": true, "preferred_study_times": [{"day_of_week": -1, "start_hour": 23, "end_hour": 24, "effectiveness": 0.8}, {"day_of_week": 6, "start_hour": 0, "end_hour": 24, "effectiveness": null},
              {"day_of_week": -1, "start_hour": 9, "end_hour": 10, "effectiveness": 0}, {"day_of_week": 0, "start_hour": 9, "end_hour": 1, "effectiveness": null}],
            "average_session_minutes": 42,
            "optimal_session_minutes": {"value": 50, "low": 44, "high": 58, "confidence": 0.75, "evidence_count": 120, "method": "btwin", "version": "profile-1", "computed_for": "2026-03-15T14:00:00+13:00",
                                        "reasons": ["sessions take 42 minutes on average"], "reason": null},
            "content_preferences": {"lectures": 0.1, "flashcards": 0.3, "validation": 0.4, "clinical_reasoning": 0.2, "reason": null},
            "exposure_mix": {"visual": 0.1, "auditory": 0.2, "reading": 0.3, "kinesthetic": 0.4, "reason": null},
            "forgetting_curve": {"initial_retention": 0.91, "decay_rate": 0.1, "half_life_days": 7,
                                 "score": {"value": 7, "low": 5, "high": 9, "confidence": 0.85, "evidence_count": 312, "method": "btwin", "version": "profile-1", "computed_for": "2026-03-15T14:00:00+13:00",
                                           "reasons": ["half of what is known is forgotten in 7.0 days"], "reason": null}},
            "load_tolerance": {"value": 72.5, "low": null, "high": null, "confidence": 0.75, "evidence_count": null, "method": "btwin", "version": "profile-1", "computed_for": "2026-03-15T14:00:00+13:00", "reasons": [], "reason": null},
            "data_quality_score": 0.75, "last_analyzed_at": "2026-03-15T13:00:00+13:00"}'::jsonb, 'profile: every key; times that are none are left out');
SELECT is((SELECT round((d #>> '{forgetting_curve,recommended_review_interval_days}')::numeric, 12) FROM btwin_api.learning_profile(as_of => :M) d), round(10 * ln(1.3), 12), 'profile: when to review');
-- ln 2 / 0.2 = 3.46573590279973; of 70 % nothing may be forgotten
SELECT is((SELECT d - 'sufficient' - 'requirements' FROM btwin_api.learning_profile('plain', as_of => :M) d) #- '{forgetting_curve,half_life_days}' #- '{forgetting_curve,score,value}',
          '{"has_profile": true, "preferred_study_times": [], "average_session_minutes": 45,
            "optimal_session_minutes": {"value": 45, "low": null, "high": null, "confidence": 0, "evidence_count": null, "method": "application", "version": null, "computed_for": "2026-03-15T13:00:00+13:00",
                                        "reasons": ["sessions take 45 minutes on average"], "reason": null},
            "content_preferences": {"lectures": null, "flashcards": null, "validation": null, "clinical_reasoning": null, "reason": "not_measured"},
            "exposure_mix": {"visual": null, "auditory": null, "reading": null, "kinesthetic": null, "reason": "analysis_disabled"},
            "forgetting_curve": {"initial_retention": 0.7, "decay_rate": 0.2, "recommended_review_interval_days": 0,
                                 "score": {"low": null, "high": null, "confidence": 0, "evidence_count": null, "method": "application", "version": null, "computed_for": "2026-03-15T13:00:00+13:00",
                                           "reasons": ["half of what is known is forgotten in 3.5 days"], "reason": null}},
            "load_tolerance": {"value": 65, "low": null, "high": null, "confidence": 0, "evidence_count": null, "method": "application", "version": null, "computed_for": "2026-03-15T13:00:00+13:00", "reasons": [], "reason": "default_used"},
            "data_quality_score": 0, "last_analyzed_at": "2026-03-15T13:00:00+13:00"}'::jsonb, 'profile: of the application, in its second form; profiling switched off');
SELECT is((SELECT array[round((d #>> '{forgetting_curve,half_life_days}')::numeric, 12), round((d #>> '{forgetting_curve,score,value}')::numeric, 12)] FROM btwin_api.learning_profile('plain', as_of => :M) d),
          array[round(5 * ln(2.0), 12), round(5 * ln(2.0), 12)], 'profile: half-life from the rate of decay');
SELECT is((SELECT d - '{sufficient,requirements,has_profile,preferred_study_times,average_session_minutes,last_analyzed_at,load_tolerance}'::text[] FROM btwin_api.learning_profile('uma', as_of => :M) d),
          '{"optimal_session_minutes": {"value": 45, "low": null, "high": null, "confidence": null, "evidence_count": null, "method": "application", "version": null, "computed_for": "2026-03-15T13:00:00+13:00",
                                        "reasons": ["sessions take 45 minutes on average"], "reason": null},
            "content_preferences": {"lectures": null, "flashcards": null, "validation": null, "clinical_reasoning": null, "reason": "not_measured"},
            "exposure_mix": {"visual": null, "auditory": null, "reading": null, "kinesthetic": null, "reason": "not_measured"},
            "forgetting_curve": {"initial_retention": null, "decay_rate": null, "half_life_days": null, "recommended_review_interval_days": null,
                                 "score": {"value": null, "low": null, "high": null, "confidence": null, "evidence_count": null, "method": "application", "version": null, "computed_for": "2026-03-15T13:00:00+13:00", "reasons": [], "reason": "not_measured"}},
            "data_quality_score": null}'::jsonb, 'profile: numbers that cannot be');
SELECT is((SELECT jsonb_build_array(d -> 'content_preferences', d -> 'forgetting_curve', d #> '{load_tolerance,value}', d #> '{load_tolerance,confidence}', d #> '{load_tolerance,reason}') FROM btwin_api.learning_profile('eva', as_of => :M) d),
          '[{"lectures": 1, "flashcards": 0, "validation": 0, "clinical_reasoning": 0, "reason": null},
            {"initial_retention": 0.69, "decay_rate": 0, "half_life_days": 4.5, "recommended_review_interval_days": 0,
             "score": {"value": 4.5, "low": 0, "high": 0, "confidence": 1, "evidence_count": 0, "method": "application", "version": null, "computed_for": "2026-03-15T13:00:00+13:00", "reasons": ["half of what is known is forgotten in 4.5 days"], "reason": null}},
            0, 1, null]'::jsonb, 'profile: zeros are numbers; keys in snake_case');
UPDATE user_learning_profiles SET personalized_forgetting_curve = curve, learning_style_profile = '{"loadTolerance": 100}'
FROM (VALUES ('eva', '{"R0": 0, "k": 0.1, "confidence": 0}'::jsonb), ('uma', '{"R0": 1, "k": 0, "halfLifeLow": -1, "halfLifeHigh": 2, "halfLife": 2, "confidence": 1}'), ('ada', '{"R0": 1, "decayRate": 0.1, "recommendedReviewInterval": 4, "evidenceCount": 1e10}'),
             ('plain', '{"R0": -0.1, "k": 0.1, "evidenceCount": 2147483647}')) AS v (id, curve) WHERE user_id = v.id;
SELECT results_eq($$SELECT u, d #>> '{forgetting_curve,initial_retention}', d #>> '{forgetting_curve,recommended_review_interval_days}', d #>> '{forgetting_curve,score,confidence}', d #>> '{forgetting_curve,score,low}',
                           d #>> '{forgetting_curve,score,high}', d #>> '{forgetting_curve,score,evidence_count}', d #>> '{load_tolerance,value}'
                    FROM unnest('{ada,eva,plain,uma}'::text[]) AS u, btwin_api.learning_profile(u, '2026-03-16 12:00Z') AS d$$,
                  $$VALUES ('ada', '1', '4', '0.75', NULL, NULL, NULL, '100'), ('eva', '0', '0', '0', NULL, NULL, NULL, '100'), ('plain', NULL, NULL, '0', NULL, NULL, '2147483647', '100'), ('uma', '1', NULL, '1', NULL, NULL, NULL, '100')$$,
                  'profile: bounds of the curve; an interval the learner set; nothing is forgotten without decay');
UPDATE user_learning_profiles SET personalized_forgetting_curve = curve, data_quality_score = 1.5
FROM (VALUES ('eva', '{"R0": 0.705, "k": 0.1, "halfLife": 0.5}'::jsonb), ('uma', '{"R0": 1.5, "k": 0.1, "evidenceCount": 2147483648}'), ('ada', '{"R0": 1, "decayRate": 0.1, "recommendedReviewInterval": 0.5}'), ('plain', '{"R0": 1, "k": 0.1}')) AS v (id, curve) WHERE user_id = v.id;
-- ln(0.705 / 0.7) / 0.1 = 0.0711747
SELECT results_eq($$SELECT u, round((d #>> '{forgetting_curve,half_life_days}')::numeric, 6), round((d #>> '{forgetting_curve,recommended_review_interval_days}')::numeric, 6), d #>> '{forgetting_curve,score,evidence_count}', d ->> 'data_quality_score'
                    FROM unnest('{ada,eva,plain,uma}'::text[]) AS u, btwin_api.learning_profile(u, '2026-03-16 12:00Z') AS d$$,
                  $$VALUES ('ada', 6.931472, 0.5, NULL::text, NULL::text), ('eva', 0.5, 0.071175, NULL, NULL), ('plain', 6.931472, 3.566749, NULL, NULL), ('uma', 6.931472, NULL, NULL, NULL)$$, 'profile: more bounds of the curve');
SELECT is((SELECT d #>> '{has_profile}' FROM btwin_api.learning_profile(as_of => '2020-01-01Z') d), 'true', 'profile: it has no history');
SELECT is(refusal('SELECT * FROM btwin_api.learning_profile(' || arguments || ')'), refused, 'profile: ' || arguments)
FROM (VALUES ('as_of => ''infinity''', 'PT400 out_of_range as_of'), ('''nobody''', 'PT404 unknown_learner user_id'), ('''off''', 'PT403 analysis_disabled'), ('''off'', ''infinity''', 'PT400 out_of_range as_of')) AS v (arguments, refused);

-- shares and numbers in JSON
SELECT is(btwin._shares('{"a": 1, "b": 0, "see": 3}', '{a,b,c}', '{a,b,see}'), '{0.25,0,0.75}'::float8[], 'shares sum to 1');
SELECT is(btwin._shares(d, '{a,b}', '{a,b}'), NULL, 'no shares: ' || d::text) FROM unnest('{"{\"a\": 1}","{\"a\": 0, \"b\": 0}","{\"a\": 2, \"b\": -1}","{\"a\": 1, \"b\": \"1\"}",[]}'::jsonb[]) AS d;
SELECT is(array_agg(btwin._json_number(v) ORDER BY n), '{0.1,-5,1e-100,0,0,NULL,NULL,NULL,NULL,NULL,NULL}'::float8[], 'a number, or nothing')
FROM unnest('{0.1,-5,1e-100,1e-101,1e-400,1e300,-1e300,"\"1\"",null,true,[1]}'::jsonb[]) WITH ORDINALITY AS u (v, n);
SELECT is(array_agg(btwin._json_number(v) ORDER BY n), '{1e100,NULL,-1e100,NULL}'::float8[], 'also a large one')
FROM unnest('{1e100,1.0001e100,-1e100,-1.0001e100}'::jsonb[]) WITH ORDINALITY AS u (v, n);
SELECT is(btwin._json_number(NULL), NULL, 'nothing from nothing');

-- anywhere: read only, and whatever the search path; a learner unknown to users is an empty one
SET btwin.user_id = 'ada';
BEGIN READ ONLY;
SET LOCAL search_path = '';
SELECT (SELECT count(*) FROM btwin_api.patterns(as_of => :M)) AS patterns, (SELECT count(*) FROM btwin_api.pattern_evolution(as_of => :M)) > 0 AS evolution, (SELECT count(*) FROM btwin_api.insights(as_of => :M)) AS insights,
       btwin_api.learning_profile(as_of => :M) ->> 'has_profile' AS profile, (SELECT count(*) FROM btwin_api.explain_pattern(pattern_id => 'p1', as_of => :M)) AS steps \gset
COMMIT;
SELECT is(:'patterns' || ' ' || :'evolution' || ' ' || :'insights' || ' ' || :'profile' || ' ' || :'steps', '8 t 8 true 6', 'read only, with an empty search path');
CREATE ROLE btwin_api_behaviour_learner;
GRANT USAGE ON SCHEMA btwin, btwin_api TO btwin_api_behaviour_learner;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA btwin_api TO btwin_api_behaviour_learner;
GRANT SELECT ON ALL TABLES IN SCHEMA btwin, public TO btwin_api_behaviour_learner;
SET ROLE btwin_api_behaviour_learner;
SELECT is(refusal('SELECT * FROM btwin_api.' || f), 'PT403 forbidden', 'a learner, of another and of an unknown one: ' || f)
FROM unnest('{patterns(''bob''),patterns(''nobody''),pattern_evolution(''bob''),insights(''bob''),learning_profile(''bob''),"explain_pattern(''bob'', ''q1'')","explain_pattern(pattern_id => ''q1'')","explain_pattern(pattern_id => ''nowhere'')",
              patterns(after_id => ''q1''),patterns(after_id => ''nowhere''),insights(after_id => ''j1''),insights(after_id => ''nowhere'')}'::text[]) AS f;
SET btwin.user_id = 'nobody';
SELECT is((SELECT count(*) FROM btwin_api.patterns(as_of => :M)) + (SELECT count(*) FROM btwin_api.pattern_evolution(as_of => :M)) + (SELECT count(*) FROM btwin_api.insights(as_of => :M)), 0::bigint, 'a learner who is not among the users: nothing');
SELECT is(btwin_api.learning_profile(as_of => :M) #>> '{exposure_mix,reason}', 'insufficient_data', 'and no profile');
SET btwin.user_id = '';
SELECT is(refusal('SELECT * FROM btwin_api.' || f), 'PT403 no_claim', 'nobody knows who: ' || f) FROM unnest('{patterns(),pattern_evolution(),insights(),learning_profile(),"explain_pattern(pattern_id => ''q1'')"}'::text[]) AS f;
RESET ROLE;
REVOKE ALL ON ALL TABLES IN SCHEMA btwin, public FROM btwin_api_behaviour_learner;
REVOKE ALL ON SCHEMA btwin, btwin_api FROM btwin_api_behaviour_learner;
DROP OWNED BY btwin_api_behaviour_learner;
DROP ROLE btwin_api_behaviour_learner;
SELECT is(refusal('SELECT * FROM btwin_api.' || f), 'PT400 user_required user_id', 'a service names the learner: ' || f) FROM unnest('{patterns(),pattern_evolution(),insights(),learning_profile(),"explain_pattern(pattern_id => ''q1'')"}'::text[]) AS f;
SELECT * FROM finish();
