-- What follows from habits: insights, recommendations, the profile.
\set QUIET on
SET client_min_messages = warning;
SET DateStyle = 'ISO, YMD';
SET TimeZone = 'UTC';
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS btwin;
SELECT plan(92);
CREATE TEMP TABLE attached AS SELECT * FROM btwin.attach('public');
INSERT INTO users (id, behavioral_analysis_enabled, learning_style_profiling_enabled) VALUES ('ann', true, true), ('bob', true, true), ('eve', true, false), ('joe', true, true), ('una', true, true);
\set t '''2026-03-02 12:00:00.123456+00''::timestamptz'

-- A stored habit of each slot, as the analysis writes them
CREATE FUNCTION pg_temp.habit(learner text, slot text, sure float8, at timestamptz, seen integer DEFAULT 5, data jsonb DEFAULT '{}') RETURNS void LANGUAGE sql AS $$
DELETE FROM behavioral_patterns WHERE id = btwin._habit_id(learner, slot) AND sure IS NULL;
INSERT INTO behavioral_patterns AS p (id, user_id, pattern_type, pattern_name, confidence, occurrence_count, pattern_data, first_detected_at, last_seen_at, detected_at)
SELECT btwin._habit_id(learner, slot), learner, v.type, slot, sure, seen, v.data || jsonb_build_object('slot', slot) || habit.data, at, at, at
FROM (VALUES ('hours', 'OPTIMAL_STUDY_TIME', '{"startHour": 9, "endHour": 12, "shrunkEffect": 0.11, "effect_low": 0.04, "effect_high": 0.2, "sessionCount": 30, "days": 28}'::jsonb),
             ('length', 'SESSION_DURATION_PREFERENCE', '{"recommendedDuration": 45, "limitAt": 43, "limitLow": 35, "limitHigh": 55, "slope": -0.004, "totalSessionsAnalyzed": 100, "days": 80}'),
             ('content', 'CONTENT_TYPE_PREFERENCE', '{"topContentType": "lecture", "shrunkEffect": 0.05, "effect_low": 0.02, "effect_high": 0.12, "sessionCount": 40, "days": 33}'),
             ('curve', 'FORGETTING_CURVE', '{"direction": "shorter", "halfLife": 10, "halfLifeLow": 5, "halfLifeHigh": 18, "usualHalfLife": 20, "reviewIntervalDays": 4, "reviewCount": 300}')) AS v (slot, type, data)
WHERE v.slot = habit.slot AND sure IS NOT NULL
ON CONFLICT (id) DO UPDATE SET confidence = excluded.confidence, pattern_data = excluded.pattern_data, occurrence_count = excluded.occurrence_count;
INSERT INTO btwin.provenance AS v (user_id, kind, id, method, version, computed_for, evidence_count) VALUES (learner, 'behavioral_patterns', btwin._habit_id(learner, slot), 'btwin', 'pattern-1', at, 77)
ON CONFLICT (user_id, kind, id) DO UPDATE SET computed_for = excluded.computed_for $$;
CREATE FUNCTION pg_temp.conclude(learner text, at timestamptz) RETURNS text LANGUAGE sql AS $$ SELECT concat_ws(' ', s.created, s.kept) FROM btwin._store_insights(learner, at) s $$;
CREATE FUNCTION pg_temp.propose(learner text, at timestamptz) RETURNS text LANGUAGE sql AS $$ SELECT concat_ws(' ', s.created, s.kept) FROM btwin._store_recommendations(learner, at) s $$;
CREATE FUNCTION pg_temp.versions() RETURNS text LANGUAGE sql AS $$
SELECT string_agg(v, ',') FROM (SELECT i.ctid::text || i.xmin AS v FROM behavioral_insights i UNION ALL SELECT r.ctid::text || r.xmin FROM recommendations r UNION ALL SELECT p.ctid::text || p.xmin FROM btwin.provenance p
                                UNION ALL SELECT u.ctid::text || u.xmin FROM user_learning_profiles u) x $$;

-- insights

SELECT is(pg_temp.conclude('ann', :t), '0 0', 'no habits, no insights');
SELECT pg_temp.habit('ann', 'hours', 0.69, :t);
SELECT is(pg_temp.conclude('ann', :t), '0 0', 'one that is not sure enough');
SELECT pg_temp.habit('ann', 'hours', 0.7, :t), pg_temp.habit('ann', 'length', 0.8, :t), pg_temp.habit('ann', 'content', 0.9, :t), pg_temp.habit('ann', 'curve', 0.95, :t);
SELECT is(pg_temp.conclude('ann', :t), '4 0', 'one for each habit from 0.7 on');
SELECT results_eq($$SELECT insight_type, title, confidence, created_at, applied, acknowledged_at IS NULL FROM behavioral_insights ORDER BY confidence$$,
    $$VALUES ('STUDY_TIME_OPTIMIZATION', 'You study best from 09:00 to 12:00', 0.7::float8, '2026-03-02 12:00:00.123+00'::timestamptz, false, true), ('SESSION_LENGTH_ADJUSTMENT', 'Your sessions go best up to 45 minutes', 0.8, '2026-03-02 12:00:00.123+00', false, true),
             ('CONTENT_PREFERENCE', 'You do best with lecture', 0.9, '2026-03-02 12:00:00.123+00', false, true), ('RETENTION_STRATEGY', 'You forget sooner than usual', 0.95, '2026-03-02 12:00:00.123+00', false, true)$$, 'with its type and numbers');
SELECT results_eq($$SELECT description, actionable_recommendation FROM behavioral_insights WHERE confidence = 0.8$$,
    $$VALUES ('Beyond 43 minutes your score falls by 4 points of 100 for every ten minutes. Sessions behind this: 100; days: 80.', 'End a session after 45 minutes, and take a break before the next.')$$, 'described, with what to do');
SELECT results_eq($$SELECT l.pattern_id, i.confidence FROM insight_patterns l JOIN behavioral_insights i ON i.id = l.insight_id ORDER BY 2$$,
    $$VALUES (btwin._habit_id('ann', 'hours'), 0.7::float8), (btwin._habit_id('ann', 'length'), 0.8), (btwin._habit_id('ann', 'content'), 0.9), (btwin._habit_id('ann', 'curve'), 0.95)$$, 'linked to it');
SELECT results_eq($$SELECT DISTINCT method, version, computed_for, evidence_count FROM btwin.provenance WHERE kind = 'behavioral_insights'$$, $$VALUES ('btwin', 'insight-1', '2026-03-02 12:00:00.123456+00'::timestamptz, 77)$$, 'where it comes from');
SELECT results_eq($$SELECT n.notification_type, n.title, n.message, n.priority, n.related_entity_type, n.created_at FROM insight_notifications n JOIN behavioral_insights i ON i.id = n.related_entity_id AND i.title = n.message ORDER BY i.confidence LIMIT 1$$,
    $$VALUES ('NEW_INSIGHT', 'A new insight', 'You study best from 09:00 to 12:00', 'NORMAL', 'insight', '2026-03-02 12:00:00.123+00'::timestamptz)$$, 'the learner is told');
SELECT is((SELECT count(*) FROM insight_notifications), 4::bigint, 'of each');
SELECT pg_temp.versions() AS before \gset
SELECT is(pg_temp.conclude('ann', :t + interval '1 day'), '0 4', 'the next run keeps them');
SELECT is(pg_temp.versions(), :'before', 'and writes nothing');
-- a habit that moved
SELECT pg_temp.habit('ann', 'hours', 0.65, :t + interval '2 days', data => '{"startHour": 14, "endHour": 17}');
SELECT is(pg_temp.conclude('ann', :t + interval '2 days'), '0 4', 'it is still found');
SELECT results_eq($$SELECT i.title, i.confidence, v.computed_for FROM behavioral_insights i JOIN btwin.provenance v USING (id) WHERE insight_type = 'STUDY_TIME_OPTIMIZATION'$$, $$VALUES ('You study best from 14:00 to 17:00', 0.65::float8, '2026-03-04 12:00:00.123456+00'::timestamptz)$$, 'its insight follows');
-- acknowledged
UPDATE behavioral_insights SET acknowledged_at = :t WHERE insight_type = 'SESSION_LENGTH_ADJUSTMENT';
SELECT is(pg_temp.conclude('ann', :t + interval '3 days'), '0 3', 'what was acknowledged is not said again');
SELECT pg_temp.habit('ann', 'length', 0.8, :t + interval '4 days', data => '{"recommendedDuration": 50}');
SELECT is(pg_temp.conclude('ann', :t + interval '4 days'), '1 3', 'unless it says something else');
-- gone
SELECT pg_temp.habit('ann', 'hours', 0.59, :t + interval '5 days'), pg_temp.habit('ann', 'length', NULL, :t + interval '5 days'), pg_temp.habit('ann', 'content', 0.6, :t + interval '5 days');
SELECT is(pg_temp.conclude('ann', :t + interval '5 days'), '0 2', 'habits below 0.6, and those gone');
SELECT results_eq($$SELECT insight_type, acknowledged_at IS NULL FROM behavioral_insights ORDER BY 1$$, $$VALUES ('CONTENT_PREFERENCE', true), ('RETENTION_STRATEGY', true), ('SESSION_LENGTH_ADJUSTMENT', false)$$, 'take their open insights with them');
SELECT is((SELECT count(*) FROM btwin.provenance v WHERE kind = 'behavioral_insights') || ' ' || (SELECT count(*) FROM insight_patterns), '3 2', 'and all about them');
-- the application's own
INSERT INTO behavioral_insights (id, user_id, insight_type, title, description, actionable_recommendation, confidence, created_at) VALUES ('x', 'ann', 'RETENTION_STRATEGY', 'theirs', 'd', 'a', 0.5, :t);
SELECT is(pg_temp.conclude('ann', :t + interval '6 days') || ' ' || (SELECT count(*) FROM behavioral_insights WHERE id = 'x'), '0 2 1', 'insights of the application stay');

UPDATE behavioral_patterns SET pattern_data = '{"slot": "content", "topContentType": 7, "effect_low": "low", "shrunkEffect": null}' WHERE user_id = 'ann' AND pattern_type = 'CONTENT_TYPE_PREFERENCE';
UPDATE btwin.provenance SET computed_for = :t + interval '7 days' WHERE id = btwin._habit_id('ann', 'content');
SELECT is(pg_temp.conclude('ann', :t + interval '7 days'), '0 2', 'details that hold no numbers do no harm');

-- recommendations

SELECT is(pg_temp.propose('bob', :t), '0 0', 'no habits, no recommendations');
SELECT pg_temp.habit('bob', 'hours', 0.69, :t);
SELECT is(pg_temp.propose('bob', :t), '0 0', 'one that is not sure enough');
SELECT pg_temp.habit('bob', 'hours', 0.8, :t, 2), pg_temp.habit('bob', 'length', 0.8, :t, 5), pg_temp.habit('bob', 'content', 0.8, :t, 6), pg_temp.habit('bob', 'curve', 0.7, :t, 300);
SELECT is(pg_temp.conclude('bob', :t), '4 0', 'and insights');
SELECT is(pg_temp.propose('bob', :t), '4 0', 'one for each habit from 0.7 on');
-- priority = 0.3 c + 0.4 impact + 0.2 ease + 0.1 readiness
-- hours: impact 0.85 * 0.8, seen 2 times of 5: (0.8 + 0.4)/2 = 0.6: 0.24 + 0.272 + 0.14 + 0.06; length: 0.75 * 0.8, (0.8 + 1)/2: 0.24 + 0.24 + 0.18 + 0.09
-- content: 0.65 * 0.8: 0.24 + 0.208 + 0.15 + 0.09; curve: 0.8 * 0.7, (0.7 + 1)/2: 0.21 + 0.224 + 0.12 + 0.085
SELECT results_eq($$SELECT recommendation_type, title, confidence, round(estimated_impact::numeric, 9), ease_of_implementation, round(user_readiness::numeric, 9), round(priority_score::numeric, 9), status, created_at FROM recommendations ORDER BY priority_score DESC$$,
    $$VALUES ('SESSION_DURATION_ADJUSTMENT', 'Keep sessions to 45 minutes', 0.8::float8, 0.6, 0.9::float8, 0.9, 0.75, 'PENDING', '2026-03-02 12:00:00.123+00'::timestamptz),
             ('STUDY_TIME_OPTIMIZATION', 'Plan study from 09:00 to 12:00', 0.8, 0.68, 0.7, 0.6, 0.712, 'PENDING', '2026-03-02 12:00:00.123+00'),
             ('CONTENT_TYPE_BALANCE', 'Give lecture a tenth more of your time', 0.8, 0.52, 0.75, 0.9, 0.688, 'PENDING', '2026-03-02 12:00:00.123+00'),
             ('RETENTION_STRATEGY', 'Review more often', 0.7, 0.56, 0.6, 0.85, 0.639, 'PENDING', '2026-03-02 12:00:00.123+00')$$, 'with type, numbers and priority');
SELECT results_eq($$SELECT description, actionable_text FROM recommendations WHERE recommendation_type = 'STUDY_TIME_OPTIMIZATION'$$,
    $$VALUES ('From 09:00 to 12:00 your sessions score higher than at other hours, by 4 to 20 points of 100.', 'Begin your next sessions at 09:00.')$$, 'described, with what to do');
SELECT is((SELECT count(*) FROM recommendations r JOIN behavioral_insights i ON r.source_insight_ids = ARRAY[i.id] JOIN insight_patterns l ON l.insight_id = i.id AND r.source_pattern_ids = ARRAY[l.pattern_id]), 4::bigint, 'from habit and insight');
SELECT results_eq($$SELECT DISTINCT user_id, method, version, computed_for, evidence_count FROM btwin.provenance WHERE kind = 'recommendations'$$, $$VALUES ('bob', 'btwin', 'recommendation-1', '2026-03-02 12:00:00.123456+00'::timestamptz, 77)$$, 'where it comes from');
SELECT pg_temp.versions() AS before \gset
SELECT is(pg_temp.propose('bob', :t + interval '1 day'), '0 4', 'the next run keeps them');
SELECT is(pg_temp.versions(), :'before', 'and writes nothing');
SELECT pg_temp.habit('bob', 'hours', 0.65, :t + interval '2 days', 5, '{"startHour": 14, "endHour": 17}');
SELECT is(pg_temp.propose('bob', :t + interval '2 days'), '0 4', 'a habit that moved');
-- 0.3 * 0.65 + 0.4 * 0.5525 + 0.14 + 0.1 * 0.825
SELECT results_eq($$SELECT title, description, actionable_text, confidence, round(estimated_impact::numeric, 9), round(user_readiness::numeric, 9), round(priority_score::numeric, 9), computed_for FROM recommendations r JOIN btwin.provenance v USING (id) WHERE recommendation_type = 'STUDY_TIME_OPTIMIZATION'$$,
    $$VALUES ('Plan study from 14:00 to 17:00', 'From 14:00 to 17:00 your sessions score higher than at other hours, by 4 to 20 points of 100.', 'Begin your next sessions at 14:00.', 0.65::float8, 0.5525, 0.825, 0.6385, '2026-03-04 12:00:00.123456+00'::timestamptz)$$, 'takes its recommendation along');
-- followed, viewed, dismissed
UPDATE recommendations SET status = 'DISMISSED', dismissed_at = :t WHERE recommendation_type = 'RETENTION_STRATEGY';
UPDATE recommendations SET applied_at = :t WHERE recommendation_type = 'CONTENT_TYPE_BALANCE';
UPDATE recommendations SET status = 'VIEWED' WHERE recommendation_type = 'SESSION_DURATION_ADJUSTMENT';
SELECT is(pg_temp.propose('bob', :t + interval '3 days'), '0 2', 'what was followed or dismissed is not proposed again');
SELECT pg_temp.habit('bob', 'curve', 0.7, :t + interval '4 days', 300, '{"direction": "longer"}');
SELECT is(pg_temp.propose('bob', :t + interval '4 days'), '1 2', 'unless it says something else');
-- gone
SELECT pg_temp.habit('bob', 'hours', 0.6, :t + interval '5 days'), pg_temp.habit('bob', 'length', 0.59, :t + interval '5 days'), pg_temp.habit('bob', 'content', NULL, :t + interval '5 days');
SELECT is(pg_temp.conclude('bob', :t + interval '5 days') || ' ' || pg_temp.propose('bob', :t + interval '5 days'), '0 2 0 2', 'a habit below 0.6');
SELECT results_eq($$SELECT recommendation_type, title, status, dismissed_at, applied_at IS NULL FROM recommendations ORDER BY 1, 2$$,
    $$VALUES ('CONTENT_TYPE_BALANCE', 'Give lecture a tenth more of your time', 'PENDING', NULL::timestamptz, false), ('RETENTION_STRATEGY', 'Review less often', 'PENDING', NULL, true), ('RETENTION_STRATEGY', 'Review more often', 'DISMISSED', '2026-03-02 12:00:00.123456+00', true),
             ('SESSION_DURATION_ADJUSTMENT', 'Keep sessions to 45 minutes', 'DISMISSED', '2026-03-07 12:00:00.123+00', true), ('STUDY_TIME_OPTIMIZATION', 'Plan study from 09:00 to 12:00', 'PENDING', NULL, true)$$,
    'takes back what came of it, not what was followed');
SELECT pg_temp.versions() AS before \gset
SELECT is(pg_temp.propose('bob', :t + interval '6 days') || ' ' || (pg_temp.versions() = :'before'), '0 2 true', 'once');

SELECT results_eq($$SELECT title, evidence_count FROM recommendations r JOIN btwin.provenance v USING (id) WHERE status = 'DISMISSED' ORDER BY 1$$, $$VALUES ('Keep sessions to 45 minutes', 0), ('Review more often', 77)$$, 'what was taken back rests on nothing');
SELECT pg_temp.habit('bob', 'length', 0.8, :t + interval '7 days'), pg_temp.habit('bob', 'curve', 0.7, :t + interval '7 days', 300);
SELECT is(pg_temp.propose('bob', :t + interval '7 days'), '1 2', 'and is proposed again when it comes back');
SELECT is((SELECT string_agg(title || ' ' || status, ', ' ORDER BY created_at) FROM recommendations WHERE recommendation_type = 'SESSION_DURATION_ADJUSTMENT'), 'Keep sessions to 45 minutes DISMISSED, Keep sessions to 45 minutes PENDING', 'as a new one');

-- open insights of the application: 0.3 c + 0.4 * 0.75 c + 0.14 + 0.08 = 0.6 c + 0.22
INSERT INTO behavioral_insights (id, user_id, insight_type, title, description, actionable_recommendation, confidence, created_at, acknowledged_at)
SELECT v.id, 'joe', v.type, 'title ' || v.id, 'text ' || v.id, 'do ' || v.id, v.sure, :t - interval '1 day', v.done
FROM (VALUES ('a1', 'SESSION_LENGTH_ADJUSTMENT', 0.9, NULL::timestamptz), ('a2', 'SESSION_LENGTH_ADJUSTMENT', 0.8, NULL), ('a3', 'SESSION_LENGTH_ADJUSTMENT', 0.85, NULL), ('a4', 'CONTENT_PREFERENCE', 0.7, NULL),
             ('a5', 'RETENTION_STRATEGY', 0.69, NULL), ('a6', 'RETENTION_STRATEGY', 0.99, :t), ('a7', 'STUDY_TIME_OPTIMIZATION', 0.75, NULL), ('a8', 'STUDY_TIME_OPTIMIZATION', 0.74, NULL)) AS v (id, type, sure, done);
INSERT INTO behavioral_insights (id, user_id, insight_type, title, description, actionable_recommendation, confidence, created_at) VALUES ('late', 'joe', 'RETENTION_STRATEGY', 'l', 'l', 'l', 0.95, :t + interval '1 second');
SELECT is(pg_temp.propose('joe', :t), '5 0', 'up to five, two of a type');
SELECT results_eq($$SELECT recommendation_type, title, description, actionable_text, round(priority_score::numeric, 9), round(estimated_impact::numeric, 9), ease_of_implementation, user_readiness, source_pattern_ids, source_insight_ids FROM recommendations WHERE user_id = 'joe' ORDER BY priority_score DESC$$,
    $$VALUES ('SESSION_DURATION_ADJUSTMENT', 'title a1', 'text a1', 'do a1', 0.76, 0.675, 0.7::float8, 0.8::float8, '{}'::text[], '{a1}'::text[]), ('SESSION_DURATION_ADJUSTMENT', 'title a3', 'text a3', 'do a3', 0.73, 0.6375, 0.7, 0.8, '{}', '{a3}'),
             ('STUDY_TIME_OPTIMIZATION', 'title a7', 'text a7', 'do a7', 0.67, 0.5625, 0.7, 0.8, '{}', '{a7}'), ('STUDY_TIME_OPTIMIZATION', 'title a8', 'text a8', 'do a8', 0.664, 0.555, 0.7, 0.8, '{}', '{a8}'),
             ('CONTENT_TYPE_BALANCE', 'title a4', 'text a4', 'do a4', 0.64, 0.525, 0.7, 0.8, '{}', '{a4}')$$, 'as the application says them');
SELECT is(pg_temp.propose('joe', :t), '0 5', 'kept');
UPDATE behavioral_insights SET acknowledged_at = :t WHERE id IN ('a1', 'a2', 'a3');
SELECT is(pg_temp.propose('joe', :t + interval '1 hour'), '1 3', 'acknowledged ones make room for the late one');
SELECT results_eq($$SELECT title FROM recommendations WHERE user_id = 'joe' AND status = 'DISMISSED' ORDER BY 1$$, ARRAY['title a1', 'title a3'], 'and are taken back');

-- the ten surest are looked at
INSERT INTO behavioral_insights (id, user_id, insight_type, title, description, actionable_recommendation, confidence, created_at)
SELECT 'm' || n, 'eve', CASE WHEN n = 11 THEN 'CONTENT_PREFERENCE' ELSE 'RETENTION_STRATEGY' END, 'm' || n, 't', 'd', 0.95 - 0.01 * n, :t FROM generate_series(1, 11) n;
SELECT is(pg_temp.propose('eve', :t), '2 0', 'not the eleventh');
UPDATE behavioral_insights SET acknowledged_at = :t WHERE id = 'm10';
SELECT is(pg_temp.propose('eve', :t), '1 2', 'the tenth');

-- five places, however many would fit
INSERT INTO users (id, behavioral_analysis_enabled) VALUES ('six', true);
INSERT INTO behavioral_insights (id, user_id, insight_type, title, description, actionable_recommendation, confidence, created_at)
SELECT 'x' || n, 'six', (ARRAY['STUDY_TIME_OPTIMIZATION', 'SESSION_LENGTH_ADJUSTMENT', 'CONTENT_PREFERENCE'])[1 + n % 3], 'x' || n, 't', 'd', 0.95 - 0.01 * n, :t FROM generate_series(1, 6) n;
SELECT is(pg_temp.propose('six', :t), '5 0', 'not the sixth');
SELECT is((SELECT string_agg(title, ' ' ORDER BY title) FROM recommendations WHERE user_id = 'six'), 'x1 x2 x3 x4 x5', 'though its type has room');

-- what sessions say. Six weeks before the moment: 2026-01-19 12:00:00.123456; 182 days: 2025-09-01
INSERT INTO validation_prompts (id, prompt_text, prompt_type, concept_name) VALUES ('explain', 'p', 'EXPLAIN_TO_PATIENT', 'c'), ('reason', 'p', 'CLINICAL_REASONING', 'c');
INSERT INTO study_sessions (id, user_id, started_at, completed_at, duration_ms, reviews_completed, session_notes) VALUES
    ('s0', 'una', :t - interval '4368 hours 1 second', :t, 6000000, 1, NULL),          -- too old
    ('s1', 'una', :t - interval '4368 hours', :t, 6000000, 1, NULL),                    -- 100 minutes
    ('s2', 'una', :t - interval '1008 hours 1 second', :t, 3600000, 1, NULL),           -- 60 minutes, before the six weeks
    ('s3', 'una', :t - interval '1008 hours' + interval '1 second', :t, 2400000, 5, '12345678901'),    -- 40 minutes: cards and a lecture; notes of 11 characters
    ('s4', 'una', :t - interval '10 days', :t, 1800000, 0, '1234567890'),               -- 30 minutes: validation
    ('s5', 'una', :t - interval '9 days', :t, 1800000, 0, NULL),                        -- 30 minutes: clinical reasoning, of the same week
    ('s6', 'una', :t - interval '8 days', :t, 86400001, 1, NULL),                       -- longer than a day: counts, its time does not
    ('s7', 'una', :t - interval '1 day', :t + interval '1 microsecond', 600000, 1, NULL),   -- not completed yet
    ('s8', 'una', :t - interval '2 days', :t, 0, 0, NULL);                              -- no time
INSERT INTO behavioral_events (id, user_id, event_type, event_data, timestamp, content_type) VALUES
    ('e1', 'una', 'SESSION_ENDED', '{"sessionId": "s3"}', :t - interval '40 days', 'lecture'), ('e2', 'una', 'SESSION_ENDED', '{"sessionId": "s3"}', :t - interval '40 days', 'lecture'),
    ('e3', 'una', 'SESSION_ENDED', '{"sessionId": "s5"}', :t - interval '9 days', 'clinical_reasoning'), ('e4', 'una', 'SESSION_ENDED', '{"sessionId": "s5"}', :t - interval '9 days', 'podcast'),
    ('e5', 'una', 'GRAPH_VIEWED', '{}', :t - interval '9 days', NULL), ('e6', 'una', 'CARD_REVIEWED', '{"hasDiagram": true}', :t - interval '9 days', NULL), ('e7', 'una', 'CARD_REVIEWED', '{"hasDiagram": false}', :t - interval '9 days', NULL),
    ('e8', 'una', 'SEARCH_PERFORMED', '{"hasDiagram": true}', :t - interval '9 days', NULL), ('e9', 'una', 'GRAPH_VIEWED', '{}', :t - interval '43 days', NULL), ('e10', 'una', 'GRAPH_VIEWED', '{}', :t, NULL);
INSERT INTO validation_responses (id, user_id, prompt_id, session_id, user_answer, ai_evaluation, score, responded_at, skipped) VALUES
    ('v1', 'una', 'explain', 's4', 'a', 'e', 0.5, :t - interval '10 days', false), ('v2', 'una', 'reason', 's4', 'a', 'e', 0.5, :t - interval '10 days', false), ('v3', 'una', 'explain', 's5', 'a', 'e', 0.5, :t - interval '9 days', true);
-- completed since: s1 to s6, s8. Mean of 100, 60, 40, 30, 30 minutes: 52. Weeks: s3 in the oldest of the six, s4 to s6 in the second, s8 in the last.
-- 100 minutes: cards 20, lectures 20, validation 30, clinical reasoning 30. Met: 2 visual; 1 auditory; 2 lectures and a note; 1 event and 1 answer: 8 in all
CREATE TEMP TABLE fact AS SELECT f.* FROM btwin._study_facts('una', :t) f;
SELECT is(concat_ws(' ', sessions, round(minutes::numeric, 9), weeks), '7 52.000000000 3', 'sessions, minutes, weeks') FROM fact;
SELECT is(content, '{"lectures": 0.2, "flashcards": 0.2, "validation": 0.3, "clinicalReasoning": 0.3}', 'shares of time') FROM fact;
SELECT is((SELECT string_agg(key || ' ' || round(value::numeric * 8), ' ' ORDER BY key) FROM fact, jsonb_each_text(exposure)), 'auditory 1 kinesthetic 2 reading 3 visual 2', 'shares of what was met');
SELECT is(concat_ws(' ', sessions, coalesce(minutes::text, '-'), weeks, content, exposure), '0 - 0 {} {}', 'a learner without rows') FROM btwin._study_facts('eve', :t);

-- a whole day is a length, a millisecond more is a slip of the pen
INSERT INTO users (id, behavioral_analysis_enabled) VALUES ('day', true), ('more', true);
INSERT INTO study_sessions (id, user_id, started_at, completed_at, duration_ms, reviews_completed) VALUES ('d1', 'day', :t - interval '2 days', :t, 86400000, 1), ('d2', 'more', :t - interval '2 days', :t, 86400001, 1);
SELECT is(concat_ws(' ', sessions, minutes, content), '1 1440 {"lectures": 0.000000, "flashcards": 1.000000, "validation": 0.000000, "clinicalReasoning": 0.000000}', 'a day') FROM btwin._study_facts('day', :t);
SELECT is(concat_ws(' ', sessions, coalesce(minutes::text, '-'), content), '1 - {}', 'and more') FROM btwin._study_facts('more', :t);

-- a millisecond is time; none is not. Weeks reach back from the moment: 7 days ago is in the second one, 42 days ago in none of six
INSERT INTO users (id, behavioral_analysis_enabled) VALUES ('tick', true), ('tock', true), ('full', true);
INSERT INTO study_sessions (id, user_id, started_at, completed_at, duration_ms, reviews_completed) SELECT 'full' || n, 'full', :t - n * interval '168 hours', :t, 1, 1 FROM generate_series(1, 6) n;
INSERT INTO study_sessions (id, user_id, started_at, completed_at, duration_ms, reviews_completed) VALUES ('full0', 'full', :t - interval '1 microsecond', :t, 1, 1);
INSERT INTO study_sessions (id, user_id, started_at, completed_at, duration_ms, reviews_completed) VALUES
    ('t1', 'tick', :t - interval '1 day', :t, 1, 1), ('t2', 'tick', :t - interval '168 hours', :t, 1, 1), ('t3', 'tick', :t - interval '1008 hours', :t, 1, 1), ('t4', 'tick', :t - interval '1 day', :t, 0, 1), ('t5', 'tock', :t - interval '1 day', :t, 1, 0);
INSERT INTO behavioral_events (id, user_id, event_type, event_data, timestamp, content_type) VALUES ('tock', 'tock', 'SESSION_ENDED', '{"sessionId": "t5"}', :t - interval '1 day', 'lecture');
-- a millisecond is 1/60000 of a minute
SELECT is(concat_ws(' ', sessions, round(minutes::numeric, 9), weeks, content, exposure), '4 0.000016667 2 {"lectures": 0.000000, "flashcards": 1.000000, "validation": 0.000000, "clinicalReasoning": 0.000000} {}', 'milliseconds with cards') FROM btwin._study_facts('tick', :t);
SELECT is(concat_ws(' ', sessions, round(minutes::numeric, 9), weeks, content, exposure), '1 0.000016667 1 {"lectures": 1.000000, "flashcards": 0.000000, "validation": 0.000000, "clinicalReasoning": 0.000000} '
          || '{"visual": 0.000000, "reading": 1.000000, "auditory": 0.000000, "kinesthetic": 0.000000}', 'one with a lecture, which is all that was met') FROM btwin._study_facts('tock', :t);
SELECT is(weeks, 6::bigint, 'six weeks at most: the quality of a profile ends at 1') FROM btwin._study_facts('full', :t);

-- the profile
CREATE FUNCTION pg_temp.profile(learner text, at timestamptz, sufficient boolean DEFAULT true, sessions bigint DEFAULT 30, minutes float8 DEFAULT 52.4, weeks bigint DEFAULT 3, half_life float8 DEFAULT 12, reviews bigint DEFAULT 200, content jsonb DEFAULT '{"lectures": 1}', sure float8 DEFAULT 0.5)
RETURNS text LANGUAGE sql AS $$
SELECT concat_ws(' ', p.written, p.quality)
FROM btwin._store_profile(learner, at, sufficient, sessions, minutes, weeks, content, '{"visual": 0.25, "auditory": 0.25, "reading": 0.25, "kinesthetic": 0.25}', half_life, 8, 18.1234567, 0.9, 0.05, sure, reviews) p $$;
CREATE FUNCTION pg_temp.stored(learner text) RETURNS SETOF text LANGUAGE sql AS $$
SELECT unnest(ARRAY[p.preferred_study_times::text, concat_ws(' ', p.average_session_duration, p.optimal_session_duration, v.low, v.high), p.content_preferences::text, p.learning_style_profile::text, p.personalized_forgetting_curve::text,
                    concat_ws(' ', p.data_quality_score, p.last_analyzed_at, v.method, v.version, v.computed_for, v.evidence_count)])
FROM user_learning_profiles p JOIN btwin.provenance v ON v.id = p.id AND v.kind = 'user_learning_profiles' AND v.user_id = p.user_id WHERE p.user_id = learner $$;
SELECT is(pg_temp.profile('eve', :t, false), 'f 0', 'too little history: no profile');
SELECT is((SELECT count(*) FROM user_learning_profiles), 0::bigint, 'is made');
-- quality: (30/40 + 0.5 + 3/6)/3 = 0.583333
SELECT is(pg_temp.profile('una', :t), 't 0.583333', 'a profile');
SELECT results_eq($$SELECT pg_temp.stored('una')$$, ARRAY['[]', '52 52', '{"lectures": 1}', '{"visual": 0.25, "reading": 0.25, "auditory": 0.25, "kinesthetic": 0.25}',
    '{"decayRate": 0.050000, "confidence": 0.500000, "halfLifeLow": 8.000000, "halfLifeHigh": 18.123457, "evidenceCount": 200, "stabilityFactor": 12.000000, "initialRetention": 0.900000}',
    '0.583333 2026-03-02 12:00:00.123+00 btwin profile-1 2026-03-02 12:00:00.123456+00 30'], 'without habits: the mean length, no times');
SELECT pg_temp.versions() AS before \gset
SELECT is(pg_temp.profile('una', :t + interval '1 day') || ' ' || (pg_temp.versions() = :'before'), 'f 0.583333 true', 'the same again: nothing is written');
SELECT is(pg_temp.profile('una', :t + interval '1 day', minutes => 29.4), 't 0.583333', 'shorter sessions');
SELECT is((SELECT s FROM pg_temp.stored('una') WITH ORDINALITY AS u (s, n) WHERE n = 2), '29 30', 'the best length is 30 at least');
SELECT is(pg_temp.profile('una', :t + interval '2 days', minutes => 91, weeks => 6, sure => NULL), 't 0.583333', 'longer ones; an unknown curve counts as nothing');
SELECT is((SELECT s FROM pg_temp.stored('una') WITH ORDINALITY AS u (s, n) WHERE n = 2), '91 90', '90 at most');
SELECT is(pg_temp.profile('una', :t + interval '3 days', minutes => NULL, reviews => 0), 't 0.583333', 'no length, no reviews');
SELECT results_eq('SELECT average_session_duration, optimal_session_duration, personalized_forgetting_curve FROM user_learning_profiles', $$VALUES (45, 45, '{}'::jsonb)$$, '45 minutes, and no curve');
SELECT is(pg_temp.profile('una', :t + interval '3 days 1 hour', reviews => 1), 't 0.583333', 'one review');
SELECT is((SELECT personalized_forgetting_curve ->> 'evidenceCount' FROM user_learning_profiles), '1', 'is a curve, of one');
-- habits
SELECT pg_temp.habit('una', 'hours', 0.6, :t), pg_temp.habit('una', 'length', 0.9, :t);
SELECT is(pg_temp.profile('una', :t + interval '4 days'), 't 0.583333', 'with habits');
SELECT is((SELECT string_agg(s, '|') FROM pg_temp.stored('una') WITH ORDINALITY AS u (s, n) WHERE n <= 2), '[{"endHour": 12, "dayOfWeek": -1, "startHour": 9, "effectiveness": 0.600000}]|52 45 35 55', 'their hours, their length with its interval');
SELECT pg_temp.habit('una', 'hours', 0.8, :t, data => '{"startHour": 23, "endHour": 2}'), pg_temp.habit('una', 'length', 0.59, :t);
SELECT is(pg_temp.profile('una', :t + interval '5 days'), 't 0.583333', 'past midnight; a length that is not found any more');
SELECT is((SELECT string_agg(s, '|') FROM pg_temp.stored('una') WITH ORDINALITY AS u (s, n) WHERE n <= 2), '[{"endHour": 24, "dayOfWeek": -1, "startHour": 23, "effectiveness": 0.800000}, {"endHour": 2, "dayOfWeek": -1, "startHour": 0, "effectiveness": 0.800000}]|52 52', 'two parts of it');
UPDATE behavioral_patterns SET pattern_data = '{"slot": "hours", "startHour": "nine", "endHour": 9}' WHERE user_id = 'una' AND pattern_type = 'OPTIMAL_STUDY_TIME';
SELECT is(pg_temp.profile('una', :t + interval '5 days 1 hour'), 't 0.583333', 'details that are none');
SELECT is((SELECT preferred_study_times FROM user_learning_profiles WHERE user_id = 'una'), '[]', 'count as nothing');
-- hours of a day: begun from 0 to 23, ended from 1 to 24; lengths from 30 to 90 minutes, else the mean of 52
CREATE FUNCTION pg_temp.acts_on(hours jsonb, minutes float8) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_temp.habit('una', 'hours', 0.8, '2026-03-02 12:00+00', data => hours), pg_temp.habit('una', 'length', 0.8, '2026-03-02 12:00+00', data => jsonb_build_object('recommendedDuration', minutes)),
            pg_temp.profile('una', '2026-03-07 14:00+00');
    RETURN (SELECT concat_ws(' ', coalesce(preferred_study_times #>> '{0,startHour}', '-'), coalesce(preferred_study_times #>> '{0,endHour}', '-'), optimal_session_duration) FROM user_learning_profiles WHERE user_id = 'una');
END $$;
SELECT is(pg_temp.acts_on('{"startHour": 23, "endHour": 24}', 30), '23 24 30', 'the last hour; 30 minutes');
SELECT is(pg_temp.acts_on('{"startHour": 0, "endHour": 1}', 90), '0 1 90', 'the first one; 90 minutes');
SELECT is(pg_temp.acts_on('{"startHour": 23.4, "endHour": 24}', 90.4), '- - 52', 'no hour begins after 23, no length is above 90');
SELECT is(pg_temp.acts_on('{"startHour": 9, "endHour": 24.4}', 29.6), '- - 52', 'no hour ends after 24, none is below 30');
SELECT is(pg_temp.acts_on('{"startHour": 9, "endHour": 0.6}', 45), '- - 45', 'nor before 1');
SELECT is(pg_temp.acts_on('{"startHour": -0.4, "endHour": 9}', 45), '- - 45', 'nor begins before 0');
SELECT pg_temp.habit('una', 'length', NULL, :t);
SELECT is(pg_temp.profile('una', :t + interval '5 days 2 hours'), 't 0.583333', 'without a habit of length');
SELECT is((SELECT optimal_session_duration FROM user_learning_profiles WHERE user_id = 'una'), 52, 'it is the mean again');
-- what others wrote into it, and what the learner set
UPDATE user_learning_profiles SET learning_style_profile = learning_style_profile || '{"loadTolerance": 70}', personalized_forgetting_curve = '{"recommendedReviewInterval": 5}', optimal_session_duration = 75, preferred_study_times = '[{"dayOfWeek": 1}]', content_preferences = '{"lectures": 0.5}';
INSERT INTO recommendations (id, user_id, recommendation_type, title, description, actionable_text, confidence, estimated_impact, ease_of_implementation, user_readiness, priority_score, status, applied_at)
SELECT t, 'una', t, t, t, t, 0.8, 0.8, 0.8, 0.8, 0.8, 'VIEWED', :t FROM unnest('{STUDY_TIME_OPTIMIZATION,SESSION_DURATION_ADJUSTMENT,CONTENT_TYPE_BALANCE}'::text[]) t;
INSERT INTO applied_recommendations (id, user_id, recommendation_id, application_type, baseline_metrics, applied_at)
SELECT t, 'una', t, 'MANUAL', '{}', :t FROM unnest('{STUDY_TIME_OPTIMIZATION,SESSION_DURATION_ADJUSTMENT,CONTENT_TYPE_BALANCE}'::text[]) t;
UPDATE applied_recommendations SET application_type = 'AUTO', applied_at = :t + interval '6 days';
SELECT is(pg_temp.profile('una', :t + interval '6 days'), 't 0.583333', 'what the learner had set');
SELECT is((SELECT string_agg(s, '|') FROM pg_temp.stored('una') WITH ORDINALITY AS u (s, n) WHERE n <= 4),
    '[{"dayOfWeek": 1}]|52 75|{"lectures": 0.5}|{"visual": 0.25, "reading": 0.25, "auditory": 0.25, "kinesthetic": 0.25, "loadTolerance": 70}', 'stays, as does what others wrote');
SELECT is((SELECT personalized_forgetting_curve ->> 'recommendedReviewInterval' || ' ' || (personalized_forgetting_curve ->> 'stabilityFactor') FROM user_learning_profiles), '5 12.000000', 'with a review interval of the learner');
UPDATE applied_recommendations SET application_type = 'MANUAL';
UPDATE users SET learning_style_profiling_enabled = false WHERE id = 'una';
SELECT is(pg_temp.profile('una', :t + interval '7 days'), 't 0.583333', 'applied by hand, it is worked out');
SELECT is((SELECT string_agg(s, '|') FROM pg_temp.stored('una') WITH ORDINALITY AS u (s, n) WHERE n IN (2, 3, 4)), '52 52|{"lectures": 1}|{"loadTolerance": 70}', 'profiling switched off: no exposure mix');
SELECT is(pg_temp.profile('una', :t + interval '8 days', false), 't 0', 'too few rows now');
SELECT is(pg_temp.profile('una', :t + interval '9 days', false), 'f 0', 'said once');
SELECT * FROM finish();
