-- btwin_api.personalization_preferences, personalization_history and personalization_effectiveness
\set QUIET on
SET client_min_messages = warning;
SET DateStyle = 'ISO, YMD';
SET TimeZone = 'UTC';
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS btwin;
SELECT plan(83);
CREATE TEMP TABLE attached AS SELECT * FROM btwin.attach('public');

\ir api_helpers.psql
-- "value low high", rounded to 6 digits
CREATE FUNCTION pg_temp.shown(score jsonb) RETURNS text LANGUAGE sql AS $$
SELECT concat_ws(' ', coalesce(round((score ->> 'value')::numeric, 6)::text, 'null ' || (score ->> 'reason')), coalesce(round((score ->> 'low')::numeric, 6)::text, '-'), coalesce(round((score ->> 'high')::numeric, 6)::text, '-'),
                 'n', score ->> 'evidence_count', 'confidence', round((score ->> 'confidence')::numeric, 6))
$$;
\set t '''2026-03-16 12:00+00'''
INSERT INTO users (id, behavioral_analysis_enabled) VALUES ('ann', true), ('bob', true), ('eve', true), ('off', false);
SET btwin.user_id = 'ann';

-- preferences

SELECT is(btwin_api.personalization_preferences(), '{"personalization_level": "MEDIUM", "mission_personalization_enabled": true, "content_personalization_enabled": true, "assessment_personalization_enabled": true, "session_personalization_enabled": true, "auto_adapt_enabled": true, "disabled_features": [], "updated_at": null, "is_default": true}'::jsonb, 'nothing was ever set');
INSERT INTO personalization_preferences (id, user_id, personalization_level, auto_adapt_enabled, mission_personalization_enabled, content_personalization_enabled, assessment_personalization_enabled, session_personalization_enabled, disabled_features, updated_at) VALUES
    ('p1', 'ann', 'LOW', true, true, false, false, true, '{breaks}', '2026-03-01 12:00+00'), ('p2', 'bob', 'HIGH', false, false, true, true, false, '{}', '2026-03-01 12:00+00'), ('p3', 'off', 'NONE', false, false, false, false, false, '{}', '2026-03-01 12:00+00'), ('p4', 'eve', 'HIGH', true, true, true, true, true, '{}', '2026-03-01 12:00+00');
SELECT is(btwin_api.personalization_preferences() - 'updated_at', '{"personalization_level": "LOW", "mission_personalization_enabled": true, "content_personalization_enabled": false, "assessment_personalization_enabled": false, "session_personalization_enabled": true, "auto_adapt_enabled": true, "disabled_features": ["breaks"], "is_default": false}'::jsonb, 'what ann set');
SELECT is(btwin_api.personalization_preferences('bob') - 'updated_at', '{"personalization_level": "HIGH", "mission_personalization_enabled": false, "content_personalization_enabled": true, "assessment_personalization_enabled": true, "session_personalization_enabled": false, "auto_adapt_enabled": false, "disabled_features": [], "is_default": false}'::jsonb, 'what bob set');
SELECT is((btwin_api.personalization_preferences() ->> 'updated_at')::timestamptz, '2026-03-01 12:00+00', 'and when');
SELECT is(btwin_api.personalization_preferences('off') ->> 'personalization_level', 'NONE', 'also where analysis is off');
SELECT is(pg_temp.refusal('SELECT btwin_api.personalization_preferences(as_of => ''infinity'')') || ', ' || pg_temp.refusal('SELECT btwin_api.personalization_preferences(''nobody'')'), 'PT400 out_of_range as_of, PT404 unknown_learner user_id', 'refusals');

-- history

SELECT is_empty('SELECT * FROM btwin_api.personalization_history()', 'nothing has happened');
INSERT INTO personalization_configs (id, user_id, preferences_id, context, strategy_variant, effectiveness_score, is_active, activated_at, deactivated_at, updated_at) VALUES
    -- c:1 tells of being put in force, out of it and of a score; nothing was recorded
    ('c:1', 'ann', 'p1', 'MISSION', 'balanced', 61.5, false, '2026-03-01 12:00+00', '2026-03-05 12:00+00', '2026-03-05 12:00+00'),
    -- c2: recorded, within a second of what it tells itself
    ('c2', 'ann', 'p1', 'SESSION', 'conservative', 72, false, '2026-03-06 12:00:01+00', '2026-03-08 12:00+00', '2026-03-08 12:00+00'),
    -- c3: recorded more than a second beside it; its score never changed
    ('c3', 'ann', 'p1', 'CONTENT', 'balanced', 50, true, '2026-03-09 12:00+00', NULL, '2026-03-09 12:00+00'),
    -- in force from the moment on, and after it
    ('c4', 'ann', 'p1', 'ASSESSMENT', 'balanced', NULL, true, '2026-03-16 12:00+00', NULL, '2026-03-16 12:00+00'),
    ('c5', 'ann', 'p1', 'ASSESSMENT', 'balanced', NULL, true, '2026-03-16 12:00:00.000001+00', NULL, '2026-03-16 12:00:00.000001+00'),
    ('c6', 'ann', 'p1', 'ASSESSMENT', 'balanced', NULL, false, '2000-01-01 00:00+00', '2026-03-02 12:00+00', '2026-03-02 12:00+00'),
    ('b1', 'bob', 'p2', 'SESSION', 'balanced', NULL, true, '2026-03-01 12:00+00', NULL, '2026-03-01 12:00+00');
INSERT INTO btwin.config_history (user_id, config_id, event_type, number, occurred_at, context, strategy_variant, previous_value, new_value, description) VALUES
    ('ann', 'c2', 'APPLIED', 1, '2026-03-06 12:00:00+00', 'SESSION', 'conservative', NULL, NULL, 'put in force'),
    ('ann', 'c2', 'EFFECTIVENESS_CHANGED', 1, '2026-03-07 12:00+00', 'SESSION', 'conservative', NULL, 55, 'first'),
    ('ann', 'c2', 'EFFECTIVENESS_CHANGED', 2, '2026-03-07 12:00+00', 'SESSION', 'conservative', 55, 72, 'second'),
    ('ann', 'c2', 'REMOVED', 1, '2026-03-08 12:00:01+00', 'SESSION', 'conservative', 72, NULL, 'taken out'),
    ('ann', 'c3', 'APPLIED', 1, '2026-03-09 12:00:01.000001+00', 'CONTENT', 'balanced', NULL, 50, 'again'),
    ('bob', 'c2', 'APPLIED', 7, '2026-03-06 12:00+00', 'SESSION', 'x', NULL, NULL, 'of somebody else');
CREATE FUNCTION pg_temp.events(start_at timestamptz DEFAULT NULL, end_at timestamptz DEFAULT NULL, max_rows integer DEFAULT 200, after_id text DEFAULT NULL, as_of timestamptz DEFAULT '2026-03-16 12:00+00') RETURNS text LANGUAGE sql AS $$
SELECT coalesce(string_agg(replace(replace(replace(h.id, 'APPLIED', 'A'), 'REMOVED', 'R'), 'EFFECTIVENESS_CHANGED', 'E'), ' '), '') FROM btwin_api.personalization_history(NULL, start_at, end_at, max_rows, after_id, as_of) h
$$;
\set all '''c4:A:0 c3:A:1 c3:A:0 c2:R:1 c2:E:2 c2:E:1 c2:A:1 c:1:R:0 c:1:E:0 c6:R:0 c:1:A:0'''
SELECT is(pg_temp.events(), :all, 'newest first; what the configurations tell only where it was not recorded');
SELECT results_eq(format('SELECT * FROM btwin_api.personalization_history(as_of => %L) WHERE config_id = ''c:1''', :t),
                  $$VALUES ('c:1:REMOVED:0', '2026-03-05 12:00+00'::timestamptz, 'REMOVED', 'mission', 'MISSION', 'c:1', 'balanced', NULL::float8, NULL::float8, NULL::float8, 'Taken out of force; not recorded', 'no_history'),
                           ('c:1:EFFECTIVENESS_CHANGED:0', '2026-03-05 12:00+00', 'EFFECTIVENESS_CHANGED', 'mission', 'MISSION', 'c:1', 'balanced', NULL, 61.5, 61.5, 'Effectiveness at the last change; not recorded', 'no_history'),
                           ('c:1:APPLIED:0', '2026-03-01 12:00+00', 'APPLIED', 'mission', 'MISSION', 'c:1', 'balanced', NULL, NULL, NULL, 'Put in force; not recorded', 'no_history')$$, 'told by the configuration');
SELECT results_eq(format('SELECT * FROM btwin_api.personalization_history(as_of => %L) WHERE config_id = ''c2''', :t),
                  $$VALUES ('c2:REMOVED:1', '2026-03-08 12:00:01+00'::timestamptz, 'REMOVED', 'session', 'SESSION', 'c2', 'conservative', 72::float8, NULL::float8, 72::float8, 'taken out', NULL::text),
                           ('c2:EFFECTIVENESS_CHANGED:2', '2026-03-07 12:00+00', 'EFFECTIVENESS_CHANGED', 'session', 'SESSION', 'c2', 'conservative', 55, 72, 72, 'second', NULL),
                           ('c2:EFFECTIVENESS_CHANGED:1', '2026-03-07 12:00+00', 'EFFECTIVENESS_CHANGED', 'session', 'SESSION', 'c2', 'conservative', NULL, 55, 55, 'first', NULL),
                           ('c2:APPLIED:1', '2026-03-06 12:00+00', 'APPLIED', 'session', 'SESSION', 'c2', 'conservative', NULL, NULL, NULL, 'put in force', NULL)$$, 'recorded');
-- ranges: 720 hours before the end by default; the start is in it, a given end is not
SELECT is(pg_temp.events(as_of => '2026-03-31 12:00+00'), 'c5:A:0 ' || rtrim(:all), '30 days, the first moment in them');
SELECT is(pg_temp.events(as_of => '2026-03-31 12:00:00.000001+00'), 'c5:A:0 ' || replace(:all, ' c:1:A:0', ''), 'a microsecond later not');
SELECT is(pg_temp.events(start_at => '2026-03-08 12:00:01+00'), 'c4:A:0 c3:A:1 c3:A:0 c2:R:1', 'from a moment on');
SELECT is(pg_temp.events(start_at => '2026-03-08 12:00:01.000001+00'), 'c4:A:0 c3:A:1 c3:A:0', 'and from a later one');
SELECT is(pg_temp.events(start_at => '2026-03-05 12:00:00.000001+00', end_at => '2026-03-08 12:00:01+00'), 'c2:E:2 c2:E:1 c2:A:1', 'the end is not in it');
SELECT is(pg_temp.events(start_at => '2026-03-05 12:00:00+00', end_at => '2026-03-08 12:00:01.000001+00'), 'c2:R:1 c2:E:2 c2:E:1 c2:A:1 c:1:R:0 c:1:E:0', 'what is before it is');
SELECT is(pg_temp.events(end_at => '2026-03-05 12:00+00'), 'c6:R:0 c:1:A:0', 'a given end, 30 days before it');
SELECT is(pg_temp.events(start_at => '1999-01-01 00:00+00', end_at => '2026-03-01 12:00+00'), 'c6:A:0', 'long ago');
SELECT is(pg_temp.events(end_at => '2026-04-01 12:00+00', start_at => '2026-03-09 12:00:00.5+00'), 'c4:A:0 c3:A:1', 'an end behind the moment of the answer');
SELECT is(pg_temp.events(as_of => '2026-03-05 12:00+00'), 'c:1:R:0 c:1:E:0 c6:R:0 c:1:A:0', 'as of then');
SELECT is(pg_temp.events(as_of => '2026-03-05 11:59:59.999999+00'), 'c6:R:0 c:1:A:0', 'and before');
-- recorded at least a second and a microsecond beside
UPDATE btwin.config_history SET occurred_at = '2026-03-06 11:59:59.999999+00' WHERE user_id = 'ann' AND config_id = 'c2' AND event_type = 'APPLIED';
SELECT is(pg_temp.events(start_at => '2026-03-06 00:00+00', end_at => '2026-03-07 00:00+00'), 'c2:A:0 c2:A:1', 'earlier by more than a second: another event');
UPDATE btwin.config_history SET occurred_at = '2026-03-06 12:00:02+00' WHERE user_id = 'ann' AND config_id = 'c2' AND event_type = 'APPLIED';
SELECT is(pg_temp.events(start_at => '2026-03-06 00:00+00', end_at => '2026-03-07 00:00+00'), 'c2:A:1', 'later by a second: the same');
UPDATE btwin.config_history SET occurred_at = '2026-03-06 12:00:00+00' WHERE user_id = 'ann' AND config_id = 'c2' AND event_type = 'APPLIED';
-- pages
SELECT is(pg_temp.events(max_rows => 5) || '/' || pg_temp.events(max_rows => 1, after_id => 'c2:EFFECTIVENESS_CHANGED:2') || '/' || pg_temp.events(max_rows => 2, after_id => 'c2:EFFECTIVENESS_CHANGED:1') || '/' || pg_temp.events(max_rows => 1, after_id => 'c:1:REMOVED:0') || '/' || pg_temp.events(after_id => 'c:1:EFFECTIVENESS_CHANGED:0') || '/' || pg_temp.events(after_id => 'c:1:APPLIED:0'),
          'c4:A:0 c3:A:1 c3:A:0 c2:R:1 c2:E:2/c2:E:1/c2:A:1 c:1:R:0/c:1:E:0/c6:R:0 c:1:A:0/', 'pages, through ties');
SELECT is((SELECT string_agg(pg_temp.refusal(format('SELECT * FROM btwin_api.personalization_history(as_of => ''2026-03-16 12:00+00'', %s)', a)), ', ' ORDER BY n)
           FROM unnest(ARRAY['max_rows => 0', 'max_rows => 1', 'max_rows => 200', 'max_rows => 201', 'max_rows => NULL', 'start_at => ''infinity''', 'end_at => ''-infinity''', 'start_at => ''2026-03-16 12:00+00''', 'start_at => ''2026-03-16 11:59+00''',
                             'start_at => ''2026-03-10 12:00+00'', end_at => ''2026-03-10 12:00+00''', 'user_id => ''nobody''']) WITH ORDINALITY AS u (a, n)),
          'PT400 out_of_range max_rows, accepted, accepted, PT400 out_of_range max_rows, PT400 missing_argument max_rows, PT400 out_of_range start_at, PT400 out_of_range end_at, PT400 out_of_range start_at, accepted, PT400 out_of_range start_at, PT404 unknown_learner user_id', 'refusals');
SELECT is((SELECT string_agg(pg_temp.refusal(format('SELECT * FROM btwin_api.personalization_history(after_id => %L, as_of => ''2026-03-16 12:00+00'')', a)), ', ' ORDER BY n)
           FROM unnest('{b1:APPLIED:0,c2:APPLIED:7,c2:APPLIED:0,c5:APPLIED:0,c2,nothing,c2:APPLIED:99999999999,c2:APPLIED:9999999999,c2:APPLIED:01,c2:OTHER:1}'::text[]) WITH ORDINALITY AS u (a, n)),
          'PT404 unknown_id, PT404 unknown_id, PT404 unknown_id, PT404 unknown_id, PT404 unknown_id, PT404 unknown_id, PT404 unknown_id, PT404 unknown_id, PT404 unknown_id, PT404 unknown_id', 'events that are not hers, or none');
SELECT is((SELECT count(*) FROM btwin_api.personalization_history('off', as_of => :t)), 0::bigint, 'also where analysis is off');
INSERT INTO btwin.config_history (user_id, config_id, event_type, number, occurred_at, context) SELECT 'eve', 'x', 'APPLIED', g, '2026-03-10 12:00+00', 'SESSION' FROM generate_series(1, 201) g;
SELECT is((SELECT count(*) FROM btwin_api.personalization_history('eve', as_of => :t)) || ' ' || (SELECT count(*) FROM btwin_api.personalization_history('eve', max_rows => 200, as_of => :t)), '50 200', 'how many at once');

INSERT INTO btwin.config_history (user_id, config_id, event_type, number, occurred_at, context) VALUES ('eve', 'x', 'APPLIED', 999999999, '2026-03-10 11:00+00', 'SESSION');
SELECT is((SELECT string_agg(pg_temp.refusal(format('SELECT * FROM btwin_api.personalization_history(''eve'', after_id => ''x:APPLIED:%s'')', n)), ', ') FROM unnest('{1,10,190,999999999}'::int[]) n), 'accepted, accepted, accepted, accepted', 'numbers of one to nine digits');
INSERT INTO btwin.config_history (user_id, config_id, event_type, number, occurred_at, context) VALUES ('ann', 'c4', 'REMOVED', 1, '2026-03-16 12:00:00.000001+00', 'ASSESSMENT');
SELECT is(pg_temp.events(max_rows => 1) || ' ' || pg_temp.events(max_rows => 1, end_at => '2026-03-20 12:00+00'), 'c4:A:0 c4:A:0', 'what is recorded for later has not happened');
DELETE FROM btwin.config_history WHERE config_id = 'c4';

-- effectiveness

CREATE FUNCTION pg_temp.e(learner text DEFAULT 'bob', metric text DEFAULT 'all', start_at timestamptz DEFAULT NULL, end_at timestamptz DEFAULT NULL, as_of timestamptz DEFAULT '2026-03-16 12:00+00') RETURNS jsonb LANGUAGE sql AS $$
SELECT btwin_api.personalization_effectiveness(learner, start_at, end_at, metric, as_of)
$$;
SELECT is((SELECT string_agg(pg_temp.refusal(format('SELECT btwin_api.personalization_effectiveness(as_of => ''2026-03-16 12:00+00'', %s)', a)), ', ' ORDER BY n)
           FROM unnest(ARRAY['metric => NULL', 'metric => ''engagement''', 'start_at => ''infinity''', 'end_at => ''infinity''', 'start_at => ''2026-03-16 12:00+00''', 'start_at => ''2026-03-16 11:59+00''', 'user_id => ''off''', 'user_id => ''nobody''']) WITH ORDINALITY AS u (a, n)),
          'PT400 missing_argument metric, PT400 not_allowed_value metric, PT400 out_of_range start_at, PT400 out_of_range end_at, PT400 out_of_range start_at, accepted, PT403 analysis_disabled, PT404 unknown_learner user_id', 'refusals');
-- eve has nothing at all, bob a configuration and no period
SELECT is(pg_temp.e('eve') - 'metrics' - 'composite_score' - 'period', '{"has_personalization": false, "message": "No configuration of personalization is in force.", "statistical": {"sample_size": 0, "correlation": null, "p_value": null, "is_statistically_significant": null, "confidence_interval": {"lower": null, "upper": null}, "effect_size": null, "adjusted_p_value": null}, "active_configs": [], "timeline": []}'::jsonb, 'the empty learner');
SELECT is(pg_temp.shown(pg_temp.e('eve') -> 'composite_score') || ', ' || pg_temp.shown(pg_temp.e('bob') #> '{metrics,engagement_change}'), 'null personalization_off - - n 0 confidence 0.000000, null no_rows - - n 0 confidence 0.000000', 'why there is no number');
SELECT is(concat_ws(' ', pg_temp.e('eve') #> '{metrics,retention_improvement,evidence_count}', pg_temp.e('eve') #> '{metrics,performance_improvement,evidence_count}', pg_temp.e('eve') #> '{metrics,completion_rate_change,evidence_count}'), '0 0 0', 'nor evidence');
-- one that is neither in force nor was taken out of it, and one that says both
INSERT INTO personalization_configs (id, user_id, preferences_id, context, strategy_variant, is_active, activated_at, deactivated_at) VALUES ('b2', 'bob', 'p2', 'MISSION', 'balanced', false, '2026-02-01 12:00+00', NULL), ('b3', 'bob', 'p2', 'MISSION', 'balanced', true, '2026-02-01 12:00+00', '2026-03-01 12:00+00');
SELECT is(pg_temp.e('bob') -> 'active_configs', '[{"id": "b1", "context": "SESSION", "strategy": "attention-cycle-based", "strategy_variant": "balanced", "confidence": 0.7}]', 'what is in force');
-- ann's: c3 and c4; c5 is not yet; as of earlier moments c2 and c:1
SELECT is((SELECT string_agg(at || ': ' || (SELECT coalesce(string_agg(c ->> 'id', ' '), '-') FROM jsonb_array_elements(pg_temp.e('ann', as_of => at::timestamptz) -> 'active_configs') c), ', ' ORDER BY n)
           FROM unnest('{2026-03-16 12:00+00,2026-03-08 11:59:59.999999+00,2026-03-08 12:00+00,2026-03-05 12:00+00,2026-03-05 11:59:59.999999+00,2026-03-01 12:00+00,2026-03-01 11:59:59.999999+00}'::text[]) WITH ORDINALITY AS u (at, n)),
          '2026-03-16 12:00+00: c4 c3, 2026-03-08 11:59:59.999999+00: c2, 2026-03-08 12:00+00: -, 2026-03-05 12:00+00: -, 2026-03-05 11:59:59.999999+00: c:1, 2026-03-01 12:00+00: c6 c:1, 2026-03-01 11:59:59.999999+00: c6', 'in force then');
SELECT is(pg_temp.e('ann', as_of => '2026-03-16 12:00:00.000001+00') #>> '{active_configs,0,strategy}' || ' ' || (pg_temp.e('ann') #>> '{active_configs,1,strategy}') || ' ' || (pg_temp.e('ann', as_of => '2026-03-04 12:00+00') #>> '{active_configs,0,strategy}'),
          'forgetting-curve-optimized learning-style-adaptive pattern-based', 'their strategies');
SELECT is(pg_temp.e('ann', as_of => '2026-03-04 12:00+00') ->> 'has_personalization', 'true', 'something is in force') ;
-- period: 336 hours; days are begun days
SELECT is((SELECT string_agg(concat_ws(' ', (p ->> 'start_at')::timestamptz = s::timestamptz, (p ->> 'end_at')::timestamptz = e::timestamptz, p ->> 'days'), ', ' ORDER BY n)
           FROM (VALUES (1, NULL, NULL, '2026-03-02 12:00+00', '2026-03-16 12:00+00'), (2, '2026-03-01 11:00+00', NULL, '2026-03-01 11:00+00', '2026-03-16 12:00+00'), (3, NULL, '2026-03-15 12:00+00', '2026-03-01 12:00+00', '2026-03-15 12:00+00'), (4, '2026-03-16 11:00+00', '2026-03-18 12:00+00', '2026-03-16 11:00+00', '2026-03-18 12:00+00'), (5, '2026-03-02 11:59:59+00', NULL, '2026-03-02 11:59:59+00', '2026-03-16 12:00+00')) AS x (n, a, b, s, e)
           CROSS JOIN LATERAL (SELECT pg_temp.e(start_at => a::timestamptz, end_at => b::timestamptz) -> 'period') AS y (p)),
          't t 14, t t 16, t t 14, t t 3, t t 15', 'period');
-- two weeks of two configurations, 10 % +- 1.959964 * 4 and 20 % +- 1.959964 * 3: weights 1/16 and 1/9
INSERT INTO personalization_effectiveness (id, user_id, config_id, start_date, end_date, retention_improvement, performance_improvement, completion_rate_change, engagement_change, sample_size, correlation, p_value, confidence_interval, composite_score, is_statistically_significant, calculated_at) VALUES
    ('w1', 'bob', 'b1', '2026-03-02 12:00+00', '2026-03-09 12:00+00', 10, 5, -10, NULL, 20, 0.5, 0.01, '{"lower": 2.160144061839784, "upper": 17.839855938160216}', 60, true, '2026-03-10 12:00+00'),
    ('w2', 'bob', 'b1', '2026-03-09 12:00+00', '2026-03-16 12:00+00', 20, NULL, 30, NULL, 30, 0.2, 0.01, '{"lower": 14.120108046379838, "upper": 25.879891953620162}', 70, false, '2026-03-16 12:00+00');
-- (10/16 + 20/9)/(1/16 + 1/9) = 2.847222/0.173611 = 16.4; se 1/sqrt(0.173611) = 2.4, half 4.703914; confidence 50/60
SELECT is(pg_temp.shown(pg_temp.e() #> '{metrics,retention_improvement}'), '16.400000 11.696086 21.103914 n 50 confidence 0.833333', 'retention: by inverse variance');
SELECT is(pg_temp.shown(pg_temp.e() #> '{metrics,performance_improvement}'), '5.000000 - - n 20 confidence 0.666667', 'performance: the one period that has it');
-- (-10 * 20 + 30 * 30)/50 = 14
SELECT is(pg_temp.shown(pg_temp.e() #> '{metrics,completion_rate_change}'), '14.000000 - - n 50 confidence 0.833333', 'completion: by data points');
SELECT is(pg_temp.shown(pg_temp.e() #> '{metrics,engagement_change}'), 'null zero_baseline - - n 0 confidence 0.000000', 'engagement: periods without a number');
-- 0.4 (50 + 8.2) + 0.3 (50 + 2.5) + 0.2 (50 + 7) = 23.28 + 15.75 + 11.4 = 50.43 of 0.9: 56.033333
SELECT is(pg_temp.shown(pg_temp.e() -> 'composite_score'), '56.033333 - - n 50 confidence 0.833333', 'composite over what there is');
-- z = 16.4/2.4 = 6.833333: 2 (1 - Phi) = 8.2963e-12, three times for three metrics; d = 16.4/2.4/sqrt(50) = 0.966379;
-- correlation: tanh((17 * 0.549306 + 27 * 0.202733)/44) = tanh(0.336636) = 0.324471
SELECT is((SELECT concat_ws(' ', s ->> 'sample_size', round((s ->> 'correlation')::numeric, 6), to_char((s ->> 'p_value')::float8 * 1e12, 'FM990.000'), s ->> 'is_statistically_significant', round((s #>> '{confidence_interval,lower}')::numeric, 6), round((s #>> '{confidence_interval,upper}')::numeric, 6), round((s ->> 'effect_size')::numeric, 6),
                            to_char((s ->> 'adjusted_p_value')::float8 * 1e12, 'FM990.000')) FROM (SELECT pg_temp.e() -> 'statistical') AS x (s)),
          '50 0.324471 8.296 true 11.696086 21.103914 0.966379 24.889', 'statistics of retention');
SELECT is(pg_temp.e() #>> '{metrics,retention_improvement,reasons,0}' || ', ' || (pg_temp.e() #>> '{composite_score,reasons,0}') || ', ' || (pg_temp.e() #>> '{metrics,retention_improvement,version}'), '2 periods, 50 data points, 3 of 4 metrics, effectiveness-1', 'what it is made of');
SELECT is(pg_temp.e() -> 'has_personalization' || (pg_temp.e() -> 'message'), '[true, null]'::jsonb, 'personalized, no message');
SELECT is((SELECT jsonb_agg(t - 'start_at' - 'end_at') FROM jsonb_array_elements(pg_temp.e() -> 'timeline') t), '[{"retention_improvement": 10, "performance_improvement": 5, "completion_rate_change": -10, "engagement_change": null, "sample_size": 20, "composite_score": 60, "is_statistically_significant": true}, {"retention_improvement": 20, "performance_improvement": null, "completion_rate_change": 30, "engagement_change": null, "sample_size": 30, "composite_score": 70, "is_statistically_significant": false}]'::jsonb, 'the periods, oldest first');
SELECT is((pg_temp.e() #>> '{timeline,1,start_at}')::timestamptz || ' ' || (pg_temp.e() #>> '{timeline,0,end_at}')::timestamptz, '2026-03-09 12:00:00+00'::timestamptz || ' ' || '2026-03-09 12:00:00+00'::timestamptz, 'their ends');
-- what metric chooses
SELECT is((SELECT string_agg(m || ': ' || (SELECT string_agg(k, ' ' ORDER BY k) FROM jsonb_each(pg_temp.e(metric => m) -> 'metrics') AS e (k, v) WHERE v <> 'null'), ', ' ORDER BY n) FROM unnest('{retention,performance,completion,all}'::text[]) WITH ORDINALITY AS u (m, n)),
          'retention: retention_improvement, performance: performance_improvement, completion: completion_rate_change, all: completion_rate_change engagement_change performance_improvement retention_improvement', 'metrics asked for');
SELECT is((SELECT string_agg(concat_ws(' ', m, s ->> 'sample_size', s ->> 'correlation' IS NOT NULL, s ->> 'p_value' IS NOT NULL, to_char((s ->> 'adjusted_p_value')::float8 * 1e12, 'FM990.000'), s #>> '{confidence_interval,lower}' IS NOT NULL, s #>> '{confidence_interval,upper}' IS NOT NULL, s ->> 'effect_size' IS NOT NULL), ', ' ORDER BY n)
           FROM unnest('{retention,performance,completion}'::text[]) WITH ORDINALITY AS u (m, n) CROSS JOIN LATERAL (SELECT pg_temp.e(metric => m) -> 'statistical') AS x (s)),
          'retention 50 t t 8.296 t t t, performance 20 f f f f f, completion 50 f f f f f', 'statistics are about the metric; one metric is one look');
SELECT is(pg_temp.shown(pg_temp.e(metric => 'completion') -> 'composite_score'), '56.033333 - - n 50 confidence 0.833333', 'the composite is of all');
-- which periods: inside of the range, calculated by then
SELECT is((SELECT string_agg(jsonb_array_length(pg_temp.e(start_at => a::timestamptz, end_at => b::timestamptz, as_of => c::timestamptz) -> 'timeline')::text, ' ' ORDER BY n)
           FROM (VALUES (1, '2026-03-02 12:00+00', '2026-03-16 12:00+00', '2026-03-16 12:00+00'), (2, '2026-03-02 12:00:00.000001+00', '2026-03-16 12:00+00', '2026-03-16 12:00+00'), (3, '2026-03-02 12:00+00', '2026-03-16 11:59:59.999999+00', '2026-03-16 12:00+00'),
                        (4, '2026-03-02 12:00+00', '2026-03-20 12:00+00', '2026-03-16 11:59:59.999999+00'), (5, '2026-03-02 12:00+00', '2026-03-09 12:00+00', '2026-03-10 12:00+00'), (6, '2026-03-02 12:00+00', '2026-03-09 12:00+00', '2026-03-10 11:59:59.999999+00')) AS x (n, a, b, c)),
          '2 1 1 1 1 0', 'from start to end, not calculated later');
UPDATE personalization_effectiveness SET end_date = '2026-03-16 12:00+00', calculated_at = '2026-03-20 12:00+00' WHERE id = 'w2';
SELECT is(jsonb_array_length(pg_temp.e(as_of => '2026-03-16 12:00+00') -> 'timeline'), 1, 'not calculated yet');
UPDATE personalization_effectiveness SET calculated_at = '2026-03-16 12:00+00' WHERE id = 'w2';
-- a period without interval: by data points (10 * 20 + 20 * 30)/50 = 16, and no p
UPDATE personalization_effectiveness SET confidence_interval = NULL WHERE id = 'w1';
SELECT is(pg_temp.shown(pg_temp.e() #> '{metrics,retention_improvement}') || ', ' || coalesce(pg_temp.e() #>> '{statistical,p_value}', 'no p') || ', ' || coalesce(pg_temp.e() #>> '{statistical,effect_size}', 'no d'), '16.000000 - - n 50 confidence 0.833333, no p, no d', 'one without an interval');
UPDATE personalization_effectiveness SET confidence_interval = '{"lower": 10, "upper": 10}' WHERE id = 'w1';
SELECT is(pg_temp.shown(pg_temp.e() #> '{metrics,retention_improvement}'), '16.000000 - - n 50 confidence 0.833333', 'an interval without width is none');
-- half a standard error of 1e-9 either side of the limit: widths 3.92e-9 * 0.99 and * 1.01
UPDATE personalization_effectiveness SET confidence_interval = '{"lower": 0, "upper": 3.88e-9}' WHERE id = 'w1';
SELECT is(pg_temp.shown(pg_temp.e() #> '{metrics,retention_improvement}'), '16.000000 - - n 50 confidence 0.833333', 'nor one of next to none');
UPDATE personalization_effectiveness SET confidence_interval = '{"lower": 0, "upper": 3.96e-9}' WHERE id = 'w1';
SELECT is(pg_temp.shown(pg_temp.e() #> '{metrics,retention_improvement}'), '10.000000 10.000000 10.000000 n 50 confidence 0.833333', 'a narrow one');
-- 2 * 1.959964 * 1e-9 wide: a standard error of 1e-9 to the last digit is not above it
UPDATE personalization_effectiveness SET confidence_interval = '{"lower": 0, "upper": 3.9199279690801086e-9}' WHERE id = 'w1';
SELECT is(pg_temp.shown(pg_temp.e() #> '{metrics,retention_improvement}'), '16.000000 - - n 50 confidence 0.833333', 'nor one of exactly that');
-- a period without retention needs no interval
UPDATE personalization_effectiveness SET confidence_interval = NULL, retention_improvement = NULL WHERE id = 'w1';
SELECT is(pg_temp.shown(pg_temp.e() #> '{metrics,retention_improvement}'), '20.000000 14.120108 25.879892 n 30 confidence 0.750000', 'where there is nothing to weigh');
-- significance: 0.05 after adjustment. z = 2.394 of one: p 0.016665; of three 0.049995
UPDATE personalization_effectiveness SET retention_improvement = 2.394 * 3, performance_improvement = 1 WHERE id = 'w2';
SELECT is(concat_ws(' ', round((pg_temp.e() #>> '{statistical,p_value}')::numeric, 6), round((pg_temp.e() #>> '{statistical,adjusted_p_value}')::numeric, 6), pg_temp.e() #>> '{statistical,is_statistically_significant}'), '0.016666 0.049997 true', 'just significant');
UPDATE personalization_effectiveness SET retention_improvement = 2.393 * 3 WHERE id = 'w2';
SELECT is(concat_ws(' ', round((pg_temp.e() #>> '{statistical,adjusted_p_value}')::numeric, 6), pg_temp.e() #>> '{statistical,is_statistically_significant}'), '0.050134 false', 'just not');
-- z = 1.959964, a standard error of 1: 0.05 to the last digit where erfc() gives all of them, and that is not below 0.05
UPDATE personalization_effectiveness SET retention_improvement = 1.9599639845400543, confidence_interval = '{"lower": 0, "upper": 3.919927969080108}' WHERE id = 'w2';
SELECT is((SELECT concat_ws(' ', round((s ->> 'p_value')::numeric, 15), round((s ->> 'adjusted_p_value')::numeric, 15), (s ->> 'is_statistically_significant')::boolean = ((s ->> 'adjusted_p_value')::float8 < 0.05)) FROM (SELECT pg_temp.e(metric => 'retention') -> 'statistical') AS x (s)),
          '0.050000000000000 0.050000000000000 t', 'significant is what lies below 0.05');
UPDATE personalization_effectiveness SET confidence_interval = '{"lower": 14.120108046379838, "upper": 25.879891953620162}' WHERE id = 'w2';
UPDATE personalization_effectiveness SET retention_improvement = -0.3 WHERE id = 'w2';
-- z = -0.1: 2 (1 - Phi(0.1)) = 0.920344, three times more than 1
SELECT is(concat_ws(' ', round((pg_temp.e() #>> '{statistical,p_value}')::numeric, 6), pg_temp.e() #>> '{statistical,adjusted_p_value}', round((pg_temp.e() #>> '{statistical,effect_size}')::numeric, 6)), '0.920344 1 -0.018257', 'both sides; 1 at most; an effect downwards');
-- correlations: of 3 data points and less none, at 1 not infinite
UPDATE personalization_effectiveness SET sample_size = 3, correlation = 0.9 WHERE id = 'w1';
SELECT is(round((pg_temp.e() #>> '{statistical,correlation}')::numeric, 6), 0.2, 'three data points do not count');
UPDATE personalization_effectiveness SET sample_size = 4 WHERE id = 'w1';
-- (1 * 1.472219 + 27 * 0.202733)/28 = 0.248071, tanh 0.243105
SELECT is(round((pg_temp.e() #>> '{statistical,correlation}')::numeric, 6), 0.243105, 'four do');
UPDATE personalization_effectiveness SET correlation = 1;
SELECT is(round((pg_temp.e() #>> '{statistical,correlation}')::numeric, 6), 1.000000, 'a correlation of 1');
UPDATE personalization_effectiveness SET correlation = -1;
SELECT is(round((pg_temp.e() #>> '{statistical,correlation}')::numeric, 6), -1.000000, 'of -1');
UPDATE personalization_effectiveness SET correlation = CASE id WHEN 'w1' THEN NULL ELSE 0.2 END, sample_size = 30;
SELECT is(round((pg_temp.e() #>> '{statistical,correlation}')::numeric, 6), 0.2, 'one that is not known');
UPDATE personalization_effectiveness SET correlation = CASE id WHEN 'w1' THEN 1 ELSE -1 END;
SELECT is(round((pg_temp.e() #>> '{statistical,correlation}')::numeric, 6), 0.000000, 'the two extremes against each other');
UPDATE personalization_effectiveness SET sample_size = 3;
SELECT is(pg_temp.e() #>> '{statistical,correlation}', NULL, 'periods of three alone');
-- in an adopted table any number may stand there; ten million are taken for as many as there can be
ALTER TABLE personalization_effectiveness DROP CONSTRAINT personalization_effectiveness_sample_size_check;
UPDATE personalization_effectiveness SET sample_size = CASE id WHEN 'w2' THEN 10000001 ELSE -1 END;
SELECT is(pg_temp.e() #>> '{statistical,sample_size}', '10000000', 'numbers of data points');
UPDATE personalization_effectiveness SET sample_size = 3;
-- d = -0.3/3/sqrt(n)
UPDATE personalization_effectiveness SET sample_size = CASE id WHEN 'w1' THEN 5 ELSE 1 END;
SELECT is(round((pg_temp.e() #>> '{statistical,effect_size}')::numeric, 6), -0.1, 'one data point');
UPDATE personalization_effectiveness SET sample_size = 0, engagement_change = 3;
SELECT is(concat_ws(' ', pg_temp.e() #>> '{statistical,effect_size}', pg_temp.e() #>> '{metrics,retention_improvement,value}', pg_temp.e() #>> '{metrics,engagement_change,reason}'), '-0.3 insufficient_data', 'none: no effect size, no mean');
UPDATE personalization_effectiveness SET sample_size = 30;
-- clipped at 0 and 100 each: 0.4 * 0 + 0.3 * 100 + 0.2 * 50 + 0.1 * 75
UPDATE personalization_effectiveness SET retention_improvement = -101, performance_improvement = 101, completion_rate_change = 0, engagement_change = 50, confidence_interval = NULL;
SELECT is(pg_temp.shown(pg_temp.e() -> 'composite_score'), '47.500000 - - n 60 confidence 0.857143', 'no change is 50; beyond 100 % nothing is added');
UPDATE personalization_effectiveness SET retention_improvement = -98, performance_improvement = 98;
-- 0.4 * 1 + 0.3 * 99 + 10 + 7.5
SELECT is(pg_temp.shown(pg_temp.e() -> 'composite_score'), '47.600000 - - n 60 confidence 0.857143', 'before that it is');
-- one metric alone is the composite: 50 + 20/2, then 50 + 10/2, 50 - 30/2 and 50 + 0
UPDATE personalization_effectiveness SET performance_improvement = NULL, completion_rate_change = NULL, engagement_change = NULL, retention_improvement = 20;
SELECT is(pg_temp.shown(pg_temp.e() -> 'composite_score'), '60.000000 - - n 60 confidence 0.857143', 'retention alone');
UPDATE personalization_effectiveness SET retention_improvement = NULL, performance_improvement = 10;
SELECT is(pg_temp.shown(pg_temp.e() -> 'composite_score'), '55.000000 - - n 60 confidence 0.857143', 'performance alone');
UPDATE personalization_effectiveness SET performance_improvement = NULL, completion_rate_change = -30;
SELECT is(pg_temp.shown(pg_temp.e() -> 'composite_score'), '35.000000 - - n 60 confidence 0.857143', 'completion alone');
UPDATE personalization_effectiveness SET completion_rate_change = NULL, engagement_change = 0;
SELECT is(pg_temp.shown(pg_temp.e() -> 'composite_score'), '50.000000 - - n 60 confidence 0.857143', 'engagement alone');
UPDATE personalization_effectiveness SET engagement_change = NULL;
SELECT is(pg_temp.shown(pg_temp.e() -> 'composite_score'), 'null zero_baseline - - n 60 confidence 0.857143', 'none at all');
UPDATE personalization_effectiveness SET retention_improvement = -98, performance_improvement = 98, completion_rate_change = 0;
UPDATE personalization_effectiveness SET sample_size = 0, engagement_change = NULL;
SELECT is(pg_temp.shown(pg_temp.e() #> '{metrics,retention_improvement}') || ', ' || pg_temp.shown(pg_temp.e() #> '{metrics,engagement_change}'), 'null insufficient_data - - n 0 confidence 0.000000, null insufficient_data - - n 0 confidence 0.000000', 'no data points weigh nothing');

-- reads: no write, no path needed
SELECT md5(pg_temp.e('ann')::text || pg_temp.events() || btwin_api.personalization_preferences()) AS before \gset
SET default_transaction_read_only = on;
SET search_path = '';
SELECT pg_catalog.md5(pg_catalog.concat(btwin_api.personalization_effectiveness('ann', as_of => :t), (SELECT pg_catalog.string_agg(pg_catalog.replace(pg_catalog.replace(pg_catalog.replace(h.id, 'APPLIED', 'A'), 'REMOVED', 'R'), 'EFFECTIVENESS_CHANGED', 'E'), ' ') FROM btwin_api.personalization_history(as_of => :t) h), btwin_api.personalization_preferences())) AS after \gset
RESET search_path;
RESET default_transaction_read_only;
SELECT is(:'after'::text, :'before', 'read-only, with an empty path, the same answers');
SELECT * FROM finish();
