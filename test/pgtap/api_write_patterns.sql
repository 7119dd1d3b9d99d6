-- btwin_api.analyze_patterns and delete_patterns
\set QUIET on
SET client_min_messages = warning;
SET DateStyle = 'ISO, YMD';
SET TimeZone = 'Asia/Tokyo';
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS btwin;
SELECT plan(61);
CREATE TEMP TABLE attached AS SELECT * FROM btwin.attach('public');
\ir ../data/study_fixture.sql

\ir api_helpers.psql
\set t '''2026-03-16 12:00+00'''

INSERT INTO users (id, behavioral_analysis_enabled) VALUES ('planted', true), ('plain', true), ('once', true), ('empty', true), ('off', false);
INSERT INTO btwin.learner (user_id, time_zone) VALUES ('planted', 'Europe/Berlin'), ('plain', 'Europe/Berlin');
INSERT INTO courses (id, user_id, name) VALUES ('co', 'planted', 'Anatomy');
INSERT INTO cards (id, course_id, front, back) SELECT 'card' || n, 'co', 'f', 'b' FROM generate_series(0, 29) n;
INSERT INTO study_sessions (id, user_id, started_at, completed_at, duration_ms, reviews_completed) SELECT learner || n, learner, started_at, started_at + minutes * interval '1 minute', minutes * 60000, 1 FROM study;
INSERT INTO behavioral_events (id, user_id, event_type, event_data, timestamp, content_type, session_performance_score)
SELECT learner || n, learner, 'SESSION_ENDED', jsonb_build_object('sessionId', learner || n), started_at + minutes * interval '1 minute', kind, score FROM study;
INSERT INTO reviews (id, user_id, card_id, session_id, rating, time_spent_ms, reviewed_at, difficulty_before, stability_before, difficulty_after, stability_after)
SELECT learner || n, learner, 'card' || n % 30, learner || n, rating, 6000, started_at + interval '1 minute', 5, 1, 5, 1 FROM study;
INSERT INTO study_sessions (id, user_id, started_at, completed_at, duration_ms) VALUES ('one', 'once', '2026-03-10 12:00+00', '2026-03-10 12:30+00', 1800000);

-- What there is of a learner, and in which row versions
CREATE FUNCTION pg_temp.versions(learner text) RETURNS text LANGUAGE sql AS $$
SELECT string_agg(v, ',' ORDER BY v) FROM (
    SELECT 'p' || ctid || xmin AS v FROM behavioral_patterns WHERE user_id = learner UNION ALL SELECT 'i' || ctid || xmin FROM behavioral_insights WHERE user_id = learner
    UNION ALL SELECT 'r' || ctid || xmin FROM recommendations WHERE user_id = learner UNION ALL SELECT 'u' || ctid || xmin FROM user_learning_profiles WHERE user_id = learner
    UNION ALL SELECT 'n' || ctid || xmin FROM insight_notifications WHERE user_id = learner UNION ALL SELECT 'l' || l.ctid || l.xmin FROM insight_patterns l JOIN behavioral_patterns p ON p.id = l.pattern_id WHERE p.user_id = learner
    UNION ALL SELECT 'h' || ctid || xmin FROM btwin.pattern_history WHERE user_id = learner UNION ALL SELECT 'v' || ctid || xmin FROM btwin.provenance WHERE user_id = learner
    UNION ALL SELECT 'k' || ctid || xmin FROM btwin.api_call WHERE user_id = learner) x $$;
CREATE FUNCTION pg_temp.brief(a jsonb) RETURNS text LANGUAGE sql AS $$
SELECT concat_ws(' ', a ->> 'ran', coalesce(a ->> 'reason', '-'), '|', a #>> '{patterns,created}', a #>> '{patterns,updated}', a #>> '{patterns,weakened}', a #>> '{patterns,removed}', a #>> '{patterns,total}',
                 '|', a #>> '{insights,created}', a #>> '{insights,kept}', '|', a #>> '{recommendations,created}', a #>> '{recommendations,kept}', '|', a ->> 'profile_updated') $$;

-- arguments and callers
SELECT is(pg_temp.refusal($$SELECT btwin_api.analyze_patterns('planted', NULL)$$), 'PT400 missing_argument force', 'force is true or false');
SELECT is(pg_temp.refusal($$SELECT btwin_api.analyze_patterns('planted', as_of => 'infinity')$$), 'PT400 out_of_range as_of', 'a moment is finite');
SELECT is(pg_temp.refusal($$SELECT btwin_api.analyze_patterns('planted', as_of => now() + interval '1 hour')$$), 'PT400 out_of_range as_of', 'and not to come');
SELECT is(pg_temp.refusal('SELECT btwin_api.analyze_patterns()'), 'PT400 user_required user_id', 'a service names the learner');
SELECT is(pg_temp.refusal($$SELECT btwin_api.analyze_patterns('nobody')$$), 'PT404 unknown_learner user_id', 'one that is known');
SELECT is(pg_temp.refusal($$SELECT btwin_api.analyze_patterns('off')$$), 'PT403 analysis_disabled', 'and is analysed');
SELECT is(pg_temp.refusal($$SELECT btwin_api.delete_patterns('nobody')$$), 'PT404 unknown_learner user_id', 'nothing of nobody is deleted');
SELECT is(pg_temp.refusal('SELECT btwin_api.delete_patterns()'), 'PT400 user_required user_id', 'a service names whose');
SET default_transaction_read_only = on;
SELECT is(pg_temp.refusal($$SELECT btwin_api.analyze_patterns('empty')$$), '25006', 'not in a transaction that only reads, though nothing would be written');
SELECT is(pg_temp.refusal($$SELECT btwin_api.delete_patterns('empty')$$), '25006', 'nor a deletion of nothing');
RESET default_transaction_read_only;

-- too little history is an answer
SELECT is(btwin_api.analyze_patterns('empty', as_of => :t) - 'computed_for', '{"ran": false, "reason": "insufficient_data", "sufficient": false, "requirements": {"weeks_needed": 6, "sessions_needed": 20, "reviews_needed": 50},
    "patterns": {"created": 0, "updated": 0, "weakened": 0, "removed": 0, "total": 0}, "insights": {"created": 0, "kept": 0}, "recommendations": {"created": 0, "kept": 0}, "pattern_ids": [], "profile_updated": false, "data_quality_score": null}', 'a learner without rows');
SELECT is(a -> 'requirements', '{"weeks_needed": 6, "sessions_needed": 19, "reviews_needed": 50}', 'one session') FROM btwin_api.analyze_patterns('once', as_of => :t) a;
SELECT is(pg_temp.versions('empty') || pg_temp.versions('once'), NULL, 'nothing is written');
SELECT is((btwin_api.analyze_patterns('empty') ->> 'computed_for')::timestamptz <= now(), true, 'without as_of: now');

-- a planted habit, and none
SELECT is(pg_temp.brief(btwin_api.analyze_patterns('plain', as_of => :t)), 'true - | 0 0 0 0 0 | 0 0 | 0 0 | true', 'where there is no habit none is found; a profile there is');
CREATE TEMP TABLE first AS SELECT btwin_api.analyze_patterns('planted', as_of => :t) AS a;
SELECT is(pg_temp.brief(a), 'true - | 1 0 0 0 1 | 1 0 | 1 0 | true', 'a planted habit is found, concluded from and proposed') FROM first;
SELECT is(a - '{ran,reason,patterns,insights,recommendations,profile_updated,data_quality_score}'::text[], jsonb_build_object('sufficient', true, 'requirements', '{"weeks_needed": 0, "sessions_needed": 0, "reviews_needed": 0}'::jsonb,
    'pattern_ids', ARRAY[btwin._habit_id('planted', 'hours')], 'computed_for', :t::timestamptz), 'the rest of the answer') FROM first;
SELECT is((a ->> 'data_quality_score')::float8, p.data_quality_score, 'quality of the profile') FROM first, user_learning_profiles p WHERE p.user_id = 'planted';
-- 3 sessions in 2 days fill each of the six weeks; 182 days hold all 270 sessions: (270/280 + confidence of the curve + 1)/3
SELECT is(p.data_quality_score, round(((270 / 280.0 + c.confidence + 1) / 3)::numeric, 6)::float8, 'sessions, curve and weeks') FROM user_learning_profiles p, btwin.curve(btwin.learner_forgetting('planted', :t)) c WHERE p.user_id = 'planted';

-- what readers say of it
SELECT is(concat_ws('|', pattern_type, pattern_name, confidence > 0.95, first_detected_at = :t, last_seen_at = :t, effect BETWEEN 0.15 AND 0.25, effect_low > 0.1, effect_high < 0.3, method, version, computed_for = :t, evidence_count),
          concat_ws('|', 'OPTIMAL_STUDY_TIME', 'Studies best from 09:00 to 12:00', true, true, true, true, true, true, 'btwin', 'pattern-1', true, (SELECT count(*) FROM study WHERE learner = 'planted' AND hour BETWEEN 9 AND 11)), 'patterns')
FROM btwin_api.patterns('planted', as_of => :t);
SELECT is((SELECT count(*) FROM btwin_api.patterns('planted', as_of => '2026-03-16 11:59:59.999999+00')), 0::bigint, 'not before it was found');
SELECT is(string_agg(factor, ' ' ORDER BY n) || ' ' || (abs(sum(contribution) - (SELECT confidence FROM behavioral_patterns WHERE user_id = 'planted')) < 1e-9), 'prior effect sample_size consistency multiplicity recency true', 'explain_pattern sums to it')
FROM btwin_api.explain_pattern('planted', btwin._habit_id('planted', 'hours'), :t) WITH ORDINALITY AS e (factor, value, weight, contribution, logit, description, is_base, version, n);
SELECT is((SELECT concat_ws('|', week_number, status, metadata ->> 1) FROM btwin_api.pattern_evolution('planted', as_of => :t)),
    format('12|NEW|Sessions in these hours: %s; days: %s.', count(*), count(DISTINCT (started_at AT TIME ZONE 'Europe/Berlin')::date)), 'pattern_evolution') FROM study WHERE learner = 'planted' AND hour BETWEEN 9 AND 11;
SELECT is(concat_ws('|', insight_type, title, impact / confidence, pattern_ids, method, computed_for = :t), format('STUDY_TIME_OPTIMIZATION|You study best from 09:00 to 12:00|1.2|{%s}|btwin|t', btwin._habit_id('planted', 'hours')), 'insights') FROM btwin_api.insights('planted', as_of => :t);
SELECT is(concat_ws('|', recommendation_type, title, status, method), 'STUDY_TIME_OPTIMIZATION|Plan study from 09:00 to 12:00|PENDING|btwin', 'recommendations') FROM btwin_api.recommendations('planted', as_of => :t);
SELECT is((d #> '{preferred_study_times,0}') - 'effectiveness', '{"day_of_week": -1, "start_hour": 9, "end_hour": 12}', 'learning_profile: times') FROM btwin_api.learning_profile('planted', :t) d;
SELECT is((d ->> 'average_session_minutes')::numeric, (SELECT round(avg(minutes)) FROM study WHERE learner = 'planted'), 'minutes') FROM btwin_api.learning_profile('planted', :t) d;
SELECT is(round((SELECT sum(v::float8) FROM jsonb_each_text((d -> 'content_preferences') - 'reason') AS e (k, v))::numeric, 4), 1.0000, 'content adds up') FROM btwin_api.learning_profile('planted', :t) d;
SELECT is(concat_ws('|', round((d #>> '{forgetting_curve,half_life_days}')::numeric, 6), d #>> '{forgetting_curve,score,evidence_count}', (d #>> '{forgetting_curve,score,low}')::float8 < c.half_life_low + 1e-6), concat_ws('|', round(c.half_life::numeric, 6), c.evidence_count, true), 'the curve, with its 95 % interval')
FROM btwin_api.learning_profile('planted', :t) d, btwin.curve(btwin.learner_forgetting('planted', :t), 0.95) c;
SELECT is((btwin_api.personalization_config('planted', :t) #> '{mission,parameters,optimal_study_times,0}') - 'effectiveness', '{"day_of_week": -1, "start_hour": 9, "end_hour": 12}', 'personalization_config acts on it');
SELECT is(string_agg(notification_type || ' ' || message, ', ' ORDER BY notification_type), 'NEW_INSIGHT You study best from 09:00 to 12:00, NEW_PATTERN Studies best from 09:00 to 12:00', 'notifications') FROM insight_notifications WHERE user_id = 'planted';

-- once a day of the learner's calendar: midnight of the 17th in Berlin is 23:00 UTC
SELECT pg_temp.versions('planted') AS before \gset
SELECT is(pg_temp.brief(btwin_api.analyze_patterns('planted', as_of => :t)), 'false already_today | 0 0 0 0 1 | 0 0 | 0 0 | false', 'again');
SELECT is(pg_temp.brief(btwin_api.analyze_patterns('planted', as_of => '2026-03-16 22:59:59.999999+00')), 'false already_today | 0 0 0 0 1 | 0 0 | 0 0 | false', 'to the end of the day');
SELECT is(pg_temp.brief(btwin_api.analyze_patterns('planted', true, :t)), 'true - | 0 0 0 0 1 | 0 1 | 0 1 | false', 'forced: the same');
SELECT is(pg_temp.brief(btwin_api.analyze_patterns('planted', true, '2026-03-16 11:59:59.999999+00')), 'false already_today | 0 0 0 0 1 | 0 0 | 0 0 | false', 'never back');
SELECT is(pg_temp.versions('planted'), :'before', 'no row of it was written again');
SELECT is(pg_temp.brief(btwin_api.analyze_patterns('planted', as_of => '2026-03-16 23:00+00')) LIKE 'true - | 0 0 0 0 1 | 0 1 | 0 1 |%', true, 'the next day');
SELECT is((SELECT count(*) FROM btwin.pattern_history WHERE user_id = 'planted') || ' ' || (SELECT confidence FROM btwin_api.patterns('planted', as_of => '2026-03-16 23:00+00')) , '1 ' || (a #>> '{}'), 'tells nothing new of the habit')
FROM (SELECT to_jsonb(confidence) FROM behavioral_patterns WHERE user_id = 'planted') x (a);
-- the nightly analysis
SELECT results_eq($$SELECT step, function FROM btwin.analysis_step WHERE position = 20$$, $$VALUES ('patterns', 'btwin._analyze_patterns')$$, 'a step of it');
SELECT is(pg_temp.brief(btwin._analyze_patterns('planted', '2026-03-17 02:00+00')) LIKE 'true -%', true, 'looks however often it is called');
SELECT is(pg_temp.brief(btwin._analyze_patterns('planted', '2026-03-16 11:59+00')), 'false already_today | 0 0 0 0 1 | 0 0 | 0 0 | false', 'but never back');
UPDATE users SET behavioral_analysis_enabled = false WHERE id = 'planted';
SELECT pg_temp.versions('planted') AS before \gset
SELECT is(pg_temp.brief(btwin._analyze_patterns('planted', '2026-03-18 02:00+00')) LIKE 'true - | 0 0 0 0 1 | 0 0 | 0 0 | false', true, 'who is not analysed');
SELECT is(pg_temp.versions('planted'), :'before', 'keeps what there is');
UPDATE users SET behavioral_analysis_enabled = true WHERE id = 'planted';

-- evidence that goes takes the habit along
UPDATE behavioral_events SET session_performance_score = session_performance_score - 17 FROM study WHERE study.learner = user_id AND user_id || study.n = id AND study.hour BETWEEN 9 AND 11 AND user_id = 'planted';
SELECT is(pg_temp.brief(btwin_api.analyze_patterns('planted', as_of => '2026-03-20 12:00+00')), 'true - | 0 0 0 1 0 | 0 0 | 0 0 | true', 'mornings are no better any more');
SELECT is((SELECT count(*) FROM behavioral_insights WHERE user_id = 'planted') || ' ' || (SELECT status FROM recommendations WHERE user_id = 'planted') || ' ' || (SELECT preferred_study_times FROM user_learning_profiles WHERE user_id = 'planted'), '0 DISMISSED []', 'nor is anything said of it');
SELECT results_eq($$SELECT change, confidence < 0.4 FROM btwin.pattern_history WHERE user_id = 'planted' ORDER BY changed_at$$, $$VALUES ('CREATED', false), ('REMOVED', true)$$, 'but its history');
SELECT results_eq($$SELECT status FROM btwin_api.pattern_evolution('planted', as_of => '2026-03-23 12:01+00')$$, ARRAY['NEW', 'DISAPPEARED'], 'as a reader tells it');
SELECT is((SELECT count(*) FROM btwin_api.patterns('planted', as_of => :t)), 1::bigint, 'it was there then');
UPDATE behavioral_events SET session_performance_score = session_performance_score + 17 FROM study WHERE study.learner = user_id AND user_id || study.n = id AND study.hour BETWEEN 9 AND 11 AND user_id = 'planted';
SET search_path = '';
SELECT btwin_api.analyze_patterns('planted', as_of => '2026-03-21 12:00+00') #>> '{pattern_ids,0}' AS found \gset
RESET search_path;
SELECT is(:'found', btwin._habit_id('planted', 'hours'), 'found again it is the same pattern, whatever the search_path');
SELECT results_eq($$SELECT status, created_at FROM recommendations WHERE user_id = 'planted' ORDER BY created_at$$, $$VALUES ('DISMISSED', timestamptz '2026-03-16 12:00+00'), ('PENDING', '2026-03-21 12:00+00')$$, 'and proposed anew');
-- history that goes
SELECT is(pg_temp.brief(btwin_api.analyze_patterns('plain', as_of => '2026-03-21 12:00+00')) LIKE 'true%', true, 'the other learner');
DELETE FROM reviews WHERE user_id IN ('planted', 'plain') AND id !~ '[0-4]$';
DELETE FROM reviews WHERE user_id IN ('planted', 'plain') AND id !~ '[0-3][0-9]$';
DELETE FROM reviews WHERE id IN (SELECT id FROM reviews WHERE user_id = 'planted' ORDER BY id OFFSET 49);
SELECT is(pg_temp.brief(a) || ' ' || (a #>> '{requirements,reviews_needed}') || ' ' || (a ->> 'data_quality_score'), 'false insufficient_data | 0 0 0 1 0 | 0 0 | 0 0 | true 1 0', 'too few rows: what was found goes') FROM btwin_api.analyze_patterns('planted', as_of => '2026-03-22 12:00+00') a;
SELECT pg_temp.versions('planted') AS before \gset
SELECT is(pg_temp.brief(btwin_api.analyze_patterns('planted', true, '2026-03-22 12:00+00')), 'false insufficient_data | 0 0 0 0 0 | 0 0 | 0 0 | false', 'once');
SELECT is(pg_temp.versions('planted'), :'before', 'and nothing more');

-- deletion
DELETE FROM reviews WHERE user_id = 'planted';
INSERT INTO reviews (id, user_id, card_id, session_id, rating, time_spent_ms, reviewed_at, difficulty_before, stability_before, difficulty_after, stability_after)
SELECT 'again' || n, learner, 'card' || n % 30, learner || n, rating, 6000, started_at + interval '2 minutes', 5, 1, 5, 1 FROM study WHERE learner = 'planted';
SELECT is(pg_temp.brief(btwin_api.analyze_patterns('planted', as_of => '2026-03-24 12:00+00')) LIKE 'true - | 1 %', true, 'enough again');
INSERT INTO behavioral_patterns (id, user_id, pattern_type, pattern_data, confidence) VALUES ('theirs', 'planted', 'PERFORMANCE_PEAK', '{}', 0.8), ('plains', 'plain', 'PERFORMANCE_PEAK', '{}', 0.8);
INSERT INTO behavioral_insights (id, user_id, insight_type, title, description, actionable_recommendation, confidence) VALUES ('theirs', 'planted', 'RETENTION_STRATEGY', 't', 'd', 'a', 0.8), ('plains', 'plain', 'RETENTION_STRATEGY', 't', 'd', 'a', 0.8);
INSERT INTO insight_patterns (id, insight_id, pattern_id) VALUES ('l1', 'theirs', 'theirs'), ('l2', 'plains', 'plains');
SELECT pg_temp.versions('plain') AS before \gset
SELECT count(*) AS told FROM btwin.pattern_history WHERE user_id = 'planted' \gset
UPDATE users SET behavioral_analysis_enabled = false WHERE id = 'planted';
SELECT is(btwin_api.delete_patterns('planted'), jsonb_build_object('patterns_deleted', 2, 'insights_deleted', 2, 'profiles_deleted', 1, 'history_deleted', :told), 'all of a learner, also where analysis is off');
SELECT is((SELECT count(*) FROM behavioral_patterns WHERE user_id = 'planted') + (SELECT count(*) FROM behavioral_insights WHERE user_id = 'planted') + (SELECT count(*) FROM user_learning_profiles WHERE user_id = 'planted')
        + (SELECT count(*) FROM btwin.pattern_history WHERE user_id = 'planted') + (SELECT count(*) FROM insight_patterns WHERE insight_id = 'theirs'), 0::bigint, 'is gone');
SELECT results_eq($$SELECT DISTINCT kind FROM btwin.provenance WHERE user_id = 'planted'$$, ARRAY['recommendations'], 'and where it came from');
SELECT is(pg_temp.versions('plain'), :'before', 'other learners keep theirs');
SELECT is(btwin_api.delete_patterns('planted'), '{"patterns_deleted": 0, "insights_deleted": 0, "profiles_deleted": 0, "history_deleted": 0}', 'a second time there is nothing');
UPDATE users SET behavioral_analysis_enabled = true WHERE id = 'planted';
SELECT is(a ->> 'ran' || ' ' || (a #>> '{pattern_ids,0}'), 'true ' || btwin._habit_id('planted', 'hours'), 'the same day it is found anew') FROM btwin_api.analyze_patterns('planted', as_of => '2026-03-24 12:00+00') a;
SELECT * FROM finish();
