-- btwin_api.update_personalization_preferences, apply_personalization
\set QUIET on
SET client_min_messages = warning;
SET DateStyle = 'SQL, DMY';
SET TimeZone = 'Asia/Tokyo';
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS btwin;
SELECT plan(66);
CREATE TEMP TABLE attached AS SELECT * FROM btwin.attach('public');

\ir api_helpers.psql
CREATE FUNCTION pg_temp.refusals(name text, arguments text[]) RETURNS text LANGUAGE sql AS $$
SELECT string_agg(pg_temp.refusal(format('SELECT btwin_api.%I(%s)', name, a)), ', ' ORDER BY n) FROM unnest(arguments) WITH ORDINALITY AS u (a, n)
$$;
-- every row version of the tables these functions write
CREATE FUNCTION pg_temp.versions() RETURNS text LANGUAGE sql AS $$
SELECT md5(concat((SELECT string_agg(concat(ctid, xmin, t), ',' ORDER BY id) FROM personalization_preferences t), (SELECT string_agg(concat(ctid, xmin, t), ',' ORDER BY id) FROM personalization_configs t),
                  (SELECT string_agg(concat(ctid, xmin, t), ',' ORDER BY config_id, event_type, number) FROM btwin.config_history t)))
$$;
INSERT INTO users (id, behavioral_analysis_enabled) VALUES ('ann', true), ('bob', true), ('off', false);

-- Arguments
SELECT is(pg_temp.refusals('update_personalization_preferences', ARRAY['''ann''', 'user_id => ''ann'', personalization_level => ''ALL''', 'user_id => ''ann'', personalization_level => ''low''', 'user_id => ''nobody'', personalization_level => ''LOW''', 'personalization_level => ''LOW''']),
          'PT400 missing_argument personalization_level, PT400 not_allowed_value personalization_level, PT400 not_allowed_value personalization_level, PT404 unknown_learner user_id, PT400 user_required user_id', 'refusals');
SELECT is(pg_temp.refusals('update_personalization_preferences', ARRAY['''ann'', disabled_features => array_fill(''x''::text, ARRAY[51])', '''ann'', disabled_features => ARRAY[repeat(''x'', 101)]', '''ann'', disabled_features => ''{a,NULL}''',
                                                                       '''ann'', disabled_features => ''{a,""}''', '''ann'', disabled_features => ''{{a},{b}}''']),
          array_to_string(array_fill('PT400 out_of_range disabled_features'::text, ARRAY[5]), ', '), 'lists of features');
SELECT is(pg_temp.refusals('update_personalization_preferences', ARRAY['''bob'', disabled_features => array_fill(repeat(''x'', 100), ARRAY[50])', '''bob'', disabled_features => ''{x}''', '''bob'', disabled_features => ''{}''']), 'accepted, accepted, accepted', 'fifty names of 100 characters, one of one, and none');
SET btwin.user_id = 'ghost';
SELECT is(pg_temp.refusals('update_personalization_preferences', ARRAY['personalization_level => ''LOW''']), 'PT403 forbidden', 'who is not among the users');
SET btwin.user_id = 'off';
SELECT is(btwin_api.update_personalization_preferences(auto_adapt_enabled => false) ->> 'auto_adapt_enabled', 'false', 'also where analysis is switched off');
SET btwin.user_id = 'ann';

-- The first call makes the row, from the usual ones
SELECT is(btwin_api.update_personalization_preferences(content_personalization_enabled => false, disabled_features => '{breaks,Topics}') - 'updated_at',
    '{"personalization_level": "MEDIUM", "mission_personalization_enabled": true, "content_personalization_enabled": false, "assessment_personalization_enabled": true, "session_personalization_enabled": true,
      "auto_adapt_enabled": true, "disabled_features": ["breaks", "Topics"], "is_default": false, "configs_deactivated": 0, "changed": true}', 'the whole document');
SELECT ok(id ~ '^c[0-9a-f]{24}$' AND created_at = updated_at AND updated_at BETWEEN now() - interval '1 minute' AND now(), 'the row') FROM personalization_preferences WHERE user_id = 'ann';
SELECT is(btwin_api.personalization_preferences() || '{"configs_deactivated": 0, "changed": false}', btwin_api.update_personalization_preferences(content_personalization_enabled => false), 'the read says the same, and the same call changes nothing');
CREATE TEMP TABLE seen AS SELECT pg_temp.versions() AS v;
SELECT is(btwin_api.update_personalization_preferences(content_personalization_enabled => false, disabled_features => '{breaks,Topics}') ->> 'changed', 'false', 'nor the first one');
SELECT is(pg_temp.versions(), v, 'not a single row version') FROM seen;
-- each argument alone
CREATE FUNCTION pg_temp.state(answer jsonb) RETURNS text LANGUAGE sql AS $$
SELECT concat_ws(' ', answer ->> 'personalization_level', CASE WHEN (answer ->> 'mission_personalization_enabled')::boolean THEN 'M' ELSE '-' END || CASE WHEN (answer ->> 'content_personalization_enabled')::boolean THEN 'C' ELSE '-' END
                 || CASE WHEN (answer ->> 'assessment_personalization_enabled')::boolean THEN 'A' ELSE '-' END || CASE WHEN (answer ->> 'session_personalization_enabled')::boolean THEN 'S' ELSE '-' END,
                 CASE WHEN (answer ->> 'auto_adapt_enabled')::boolean THEN 'adapt' END, answer ->> 'disabled_features', answer ->> 'changed')
$$;
SELECT is(pg_temp.state(btwin_api.update_personalization_preferences(mission_personalization_enabled => false)), 'MEDIUM --AS adapt ["breaks", "Topics"] true', 'missions');
SELECT is(pg_temp.state(btwin_api.update_personalization_preferences(assessment_personalization_enabled => false)), 'MEDIUM ---S adapt ["breaks", "Topics"] true', 'assessments');
SELECT is(pg_temp.state(btwin_api.update_personalization_preferences(session_personalization_enabled => false)), 'MEDIUM ---- adapt ["breaks", "Topics"] true', 'sessions');
SELECT is(pg_temp.state(btwin_api.update_personalization_preferences(content_personalization_enabled => true)), 'MEDIUM -C-- adapt ["breaks", "Topics"] true', 'contents');
SELECT is(pg_temp.state(btwin_api.update_personalization_preferences(auto_adapt_enabled => false)), 'MEDIUM -C-- ["breaks", "Topics"] true', 'adapting');
SELECT is(pg_temp.state(btwin_api.update_personalization_preferences(disabled_features => '{}')), 'MEDIUM -C-- [] true', 'features');
-- levels bring their toggles with them, what is said wins
SELECT is(string_agg(pg_temp.state(btwin_api.update_personalization_preferences(personalization_level => l)), ', ' ORDER BY n), 'HIGH MCAS [] true, NONE ---- [] true, LOW M--S [] true, MEDIUM MCAS [] true, MEDIUM MCAS [] false', 'levels')
FROM unnest('{HIGH,NONE,LOW,MEDIUM,MEDIUM}'::text[]) WITH ORDINALITY u (l, n);
SELECT is(pg_temp.state(btwin_api.update_personalization_preferences(personalization_level => 'LOW', mission_personalization_enabled => false, content_personalization_enabled => true, assessment_personalization_enabled => true, session_personalization_enabled => false)), 'LOW -CA- [] true', 'all toggles against the level');
SELECT is(pg_temp.state(btwin_api.update_personalization_preferences(personalization_level => 'NONE', mission_personalization_enabled => true, session_personalization_enabled => true)), 'NONE M--S [] true', 'two');
SELECT is(pg_temp.state(btwin_api.update_personalization_preferences(personalization_level => 'HIGH', assessment_personalization_enabled => false)), 'HIGH MC-S [] true', 'one');
SELECT ok(updated_at > created_at, 'a change has its time') FROM personalization_preferences WHERE user_id = 'ann';
SELECT is((SELECT count(*) FROM personalization_preferences), 3::bigint, 'one row for each learner');

-- What is switched off is taken out of force: of each context one in force, of MISSION also one that ended, one of bob
CREATE FUNCTION pg_temp.fill() RETURNS void LANGUAGE sql AS $$
DELETE FROM personalization_configs;
DELETE FROM btwin.config_history;
INSERT INTO personalization_configs (id, user_id, preferences_id, context, strategy_variant, effectiveness_score, is_active, activated_at, deactivated_at, updated_at)
SELECT v.id, v.owner, p.id, v.context, 'balanced', v.score, v.active, '2026-01-01 00:00+00', v.ended, '2026-01-01 00:00+00'
FROM (VALUES ('m', 'ann', 'MISSION', 62.5, true, NULL::timestamptz), ('old', 'ann', 'MISSION', 10, false, '2026-01-05 00:00+00'), ('c', 'ann', 'CONTENT', NULL, true, NULL), ('a', 'ann', 'ASSESSMENT', NULL, true, NULL),
             ('s', 'ann', 'SESSION', NULL, true, '2999-01-01 00:00+00'), ('b', 'bob', 'MISSION', NULL, true, NULL)) AS v (id, owner, context, score, active, ended)
JOIN personalization_preferences p ON p.user_id = v.owner
$$;
CREATE FUNCTION pg_temp.in_force() RETURNS text LANGUAGE sql AS $$
SELECT coalesce(string_agg(id, '' ORDER BY id), '') FROM personalization_configs WHERE is_active AND coalesce(deactivated_at > now(), true)
$$;
CREATE FUNCTION pg_temp.after(arguments text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE answer jsonb;
BEGIN
    PERFORM btwin_api.update_personalization_preferences(personalization_level => 'HIGH', disabled_features => '{}');
    PERFORM pg_temp.fill();
    EXECUTE format('SELECT btwin_api.update_personalization_preferences(%s)', arguments) INTO answer;
    RETURN concat_ws(' ', pg_temp.in_force(), answer ->> 'configs_deactivated', answer ->> 'changed');
END $$;
SELECT is(pg_temp.after('personalization_level => ''MEDIUM'''), 'abcms 0 true', 'nothing is switched off');
SELECT is(pg_temp.after('personalization_level => ''LOW'''), 'bms 2 true', 'LOW');
SELECT is(pg_temp.after('personalization_level => ''NONE'', mission_personalization_enabled => true'), 'b 4 true', 'NONE, whatever its toggles say');
SELECT is(pg_temp.after('mission_personalization_enabled => false'), 'abcs 1 true', 'missions');
SELECT is(pg_temp.after('content_personalization_enabled => false'), 'abms 1 true', 'contents');
SELECT is(pg_temp.after('assessment_personalization_enabled => false'), 'bcms 1 true', 'assessments');
SELECT is(pg_temp.after('session_personalization_enabled => false'), 'abcm 1 true', 'sessions');
SELECT is(pg_temp.after('disabled_features => ''{breaks,Content,session}'''), 'abm 2 true', 'features that are parts');
-- in force is what is active without an end, or ends later
INSERT INTO personalization_configs (id, user_id, preferences_id, context, strategy_variant, is_active, activated_at, deactivated_at)
SELECT v.id, 'ann', p.id, 'ASSESSMENT', 'balanced', v.active, '2026-01-01 00:00+00', v.ended FROM personalization_preferences p, (VALUES ('y1', true, '2026-02-01 00:00+00'::timestamptz), ('y2', false, '2999-01-01 00:00+00'), ('y3', false, NULL)) v (id, active, ended) WHERE p.user_id = 'ann';
SELECT is(d ->> 'configs_deactivated', '2', 'those of the two definitions') FROM btwin_api.update_personalization_preferences(assessment_personalization_enabled => false) d;
SELECT is((SELECT string_agg(config_id, ' ' ORDER BY config_id) FROM btwin.config_history WHERE context = 'ASSESSMENT'), 'a y2', 'no others');
SELECT pg_temp.after('mission_personalization_enabled => false') AS x \gset
SELECT results_eq($$SELECT config_id, event_type, number, context, strategy_variant, previous_value, new_value, description FROM btwin.config_history$$,
    $$VALUES ('m', 'REMOVED', 1, 'MISSION', 'balanced', 62.5::float8, NULL::float8, 'Taken out of force: the learner switched it off')$$, 'its history');
SELECT ok(NOT c.is_active AND c.deactivated_at = h.occurred_at AND c.updated_at = h.occurred_at AND h.occurred_at BETWEEN now() - interval '1 minute' AND now(), 'its times') FROM personalization_configs c JOIN btwin.config_history h ON h.config_id = c.id WHERE c.id = 'm';
TRUNCATE seen;
INSERT INTO seen SELECT pg_temp.versions();
SELECT is(btwin_api.update_personalization_preferences(mission_personalization_enabled => false) ->> 'changed', 'false', 'again');
SELECT is(pg_temp.versions(), v, 'nothing is written') FROM seen;
-- the application put it in force against what the learner wants; the next number of its history
UPDATE personalization_configs SET is_active = true, deactivated_at = NULL WHERE id = 'm';
SELECT is(d ->> 'configs_deactivated' || ' ' || (d ->> 'changed'), '1 true', 'what is in force against the preferences') FROM btwin_api.update_personalization_preferences(mission_personalization_enabled => false) d;
SELECT is((SELECT max(number) FROM btwin.config_history WHERE config_id = 'm'), 2, 'once more');

-- its score, where that is one: a table of the application may hold anything
ALTER TABLE personalization_configs DROP CONSTRAINT personalization_configs_effectiveness_score_check;
CREATE FUNCTION pg_temp.removed(score float8) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_temp.fill();
    UPDATE personalization_configs SET effectiveness_score = score WHERE id = 'm';
    PERFORM btwin_api.update_personalization_preferences(mission_personalization_enabled => false);
    RETURN (SELECT concat(event_type, ' ' || previous_value) FROM btwin.config_history WHERE config_id = 'm');
END $$;
SELECT is((SELECT string_agg(pg_temp.removed(s), ', ' ORDER BY s) FROM unnest('{-0.5,0,0.5,100,100.5,NaN}'::float8[]) s), 'REMOVED, REMOVED 0, REMOVED 0.5, REMOVED 100, REMOVED, REMOVED', 'its score, from 0 to 100');

-- Applying
SELECT is(pg_temp.refusals('apply_personalization', ARRAY['''ann''', '''ann'', ''mission''', '''ann'', ''MISSION'', ''random''', '''ann'', ''MISSION'', NULL', '''off'', ''MISSION''', '''nobody'', ''MISSION''', 'context => ''MISSION'', decision_id => ''d9''']),
          'PT400 missing_argument context, PT400 not_allowed_value context, PT400 not_allowed_value strategy_variant, PT400 missing_argument strategy_variant, PT403 analysis_disabled, PT404 unknown_learner user_id, PT404 unknown_id', 'refusals');
-- missions are off: state before data, there is no profile yet
SELECT is(pg_temp.refusals('apply_personalization', ARRAY['context => ''MISSION''', 'context => ''SESSION''']), 'PT409 personalization_off, PT422 insufficient_data', 'switched off, and no profile');
INSERT INTO user_learning_profiles (id, user_id, preferred_study_times, average_session_duration, optimal_session_duration, content_preferences, learning_style_profile, personalized_forgetting_curve, last_analyzed_at, data_quality_score)
VALUES ('l1', 'ann', '[]', 40, 65, '{"lectures": 1}', '{"visual": 1}', '{"halfLife": 5}', '2026-03-15 02:00+00', 0.59), ('l2', 'bob', '[]', 40, 65, '{"lectures": 1}', '{"visual": 1}', '{"halfLife": 5}', '2026-03-15 02:00+00', 0.7);
CREATE FUNCTION pg_temp.at(level text, quality float8) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    PERFORM btwin_api.update_personalization_preferences(personalization_level => level);
    UPDATE user_learning_profiles SET data_quality_score = quality WHERE user_id = 'ann';
    RETURN pg_temp.refusals('apply_personalization', ARRAY['context => ''MISSION''']);
END $$;
SELECT is(concat_ws(', ', pg_temp.at('HIGH', 0.59), pg_temp.at('HIGH', 0.6), pg_temp.at('MEDIUM', 0.69), pg_temp.at('MEDIUM', 0.7), pg_temp.at('LOW', 0.84), pg_temp.at('LOW', 0.85), pg_temp.at('NONE', 1)),
          'PT422 insufficient_data, accepted, PT422 insufficient_data, accepted, PT422 insufficient_data, accepted, PT409 personalization_off', 'quality and levels');
SELECT btwin_api.update_personalization_preferences(personalization_level => 'HIGH', disabled_features => '{CONTENT,breaks}') AS x \gset
SELECT is(pg_temp.refusals('apply_personalization', ARRAY['context => ''CONTENT''', 'context => ''SESSION''']), 'PT409 personalization_off, accepted', 'a feature that is a part, and one that is a parameter');
SELECT btwin_api.update_personalization_preferences(disabled_features => '{}') AS x \gset

-- a new one of a learner without preferences
DELETE FROM personalization_preferences WHERE user_id = 'bob';
SET btwin.user_id = 'bob';
CREATE TEMP TABLE made AS SELECT btwin_api.apply_personalization(context => 'ASSESSMENT', strategy_variant => 'conservative') AS d;
SELECT is(d - '{id,activated_at}'::text[], jsonb_build_object('context', 'ASSESSMENT', 'strategy', 'forgetting-curve-optimized', 'strategy_variant', 'conservative', 'confidence', 0.7, 'is_new', true, 'changed', true,
                                                              'parameters', btwin_api.personalization_config() #> '{assessment,parameters}'), 'the answer') FROM made;
SELECT ok(c.id ~ '^c[0-9a-f]{24}$' AND (d ->> 'activated_at')::timestamptz = c.activated_at AND c.activated_at = c.updated_at AND c.activated_at = c.created_at AND c.activated_at BETWEEN now() - interval '1 minute' AND now() AND c.is_active AND c.deactivated_at IS NULL
          AND c.user_id = 'bob' AND c.context = 'ASSESSMENT' AND c.strategy_variant = 'conservative' AND c.confidence_score = 0.7 AND c.assessment_personalization = d -> 'parameters'
          AND num_nulls(c.mission_personalization, c.content_personalization, c.session_personalization, c.effectiveness_score) = 4 AND (c.times_selected, c.total_reward, c.avg_reward) = (0, 0, 0), 'the row')
FROM made JOIN personalization_configs c ON c.id = d ->> 'id';
SELECT is(pg_temp.state(btwin_api.personalization_preferences()) || ' ' || (btwin_api.personalization_preferences() ->> 'is_default'), 'MEDIUM MCAS adapt [] false', 'with the usual preferences');
SELECT results_eq($$SELECT h.event_type, h.number, h.context, h.strategy_variant, h.previous_value, h.new_value, h.description, h.occurred_at = c.activated_at FROM btwin.config_history h JOIN personalization_configs c ON c.id = h.config_id WHERE h.user_id = 'bob'$$,
    $$VALUES ('APPLIED', 1, 'ASSESSMENT', 'conservative', NULL::float8, NULL::float8, 'Put in force', true)$$, 'and its history');
SELECT is((SELECT string_agg(concat_ws(' ', event_type, personalization_type, reason), ', ') FROM btwin_api.personalization_history()), 'APPLIED assessment', 'which the endpoint lists once');
TRUNCATE seen;
INSERT INTO seen SELECT pg_temp.versions();
SELECT is(btwin_api.apply_personalization(context => 'ASSESSMENT', strategy_variant => 'conservative'), d || '{"is_new": false, "changed": false}', 'the same call again') FROM made;
SELECT is(pg_temp.versions(), v, 'writes nothing') FROM seen;
-- in place: another variant, other parameters, another quality
UPDATE personalization_configs SET effectiveness_score = 40 WHERE user_id = 'bob';
SELECT is(btwin_api.apply_personalization(context => 'ASSESSMENT'), d || '{"is_new": false, "strategy_variant": "balanced"}', 'another variant') FROM made;
UPDATE user_learning_profiles SET personalized_forgetting_curve = '{"halfLife": 2}' WHERE user_id = 'bob';
SELECT is(a ->> 'id' || ' ' || (a ->> 'changed') || ' ' || (a #>> '{parameters,validation_frequency}'), d ->> 'id' || ' true HIGH', 'other parameters') FROM made, btwin_api.apply_personalization(context => 'ASSESSMENT') a;
UPDATE user_learning_profiles SET data_quality_score = 0.8 WHERE user_id = 'bob';
SELECT is(a ->> 'id' || ' ' || (a ->> 'changed') || ' ' || (a ->> 'confidence'), d ->> 'id' || ' true 0.8', 'another quality') FROM made, btwin_api.apply_personalization(context => 'ASSESSMENT') a;
SELECT results_eq($$SELECT number, strategy_variant, previous_value, new_value, description FROM btwin.config_history WHERE user_id = 'bob' AND event_type = 'APPLIED' ORDER BY number OFFSET 1$$,
    $$VALUES (2, 'balanced', 40::float8, 40::float8, 'Strategy balanced in place of conservative'), (3, 'balanced', 40, 40, 'Worked out anew'), (4, 'balanced', 40, 40, 'Worked out anew')$$, 'one entry for each');
CREATE FUNCTION pg_temp.reapplied(score float8, variant text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    UPDATE personalization_configs SET effectiveness_score = score WHERE user_id = 'bob' AND context = 'ASSESSMENT';
    PERFORM btwin_api.apply_personalization(context => 'ASSESSMENT', strategy_variant => variant);
    RETURN (SELECT concat(strategy_variant, ' ' || previous_value, ' ' || new_value) FROM btwin.config_history WHERE user_id = 'bob' ORDER BY number DESC LIMIT 1);
END $$;
SELECT is((SELECT string_agg(pg_temp.reapplied(s, v), ', ' ORDER BY s) FROM unnest('{-0.5,0,0.5,100,100.5}'::float8[], '{conservative,balanced,conservative,pattern_heavy,balanced}'::text[]) t (s, v)),
          'conservative, balanced 0 0, conservative 0.5 0.5, pattern_heavy 100 100, balanced', 'its score, from 0 to 100');
-- the document stands in the column of its context
SELECT is(string_agg(pg_temp.refusal(format('SELECT btwin_api.apply_personalization(context => %L, strategy_variant => %L)', c, v)), ', '), 'accepted, accepted, accepted', 'the other contexts and variants')
FROM unnest('{MISSION,CONTENT,SESSION}'::text[], '{pattern_heavy,prediction_heavy,balanced}'::text[]) u (c, v);
SELECT is(string_agg(concat(context, ' ', CASE WHEN mission_personalization ? 'intensity' THEN 'm' END, CASE WHEN content_personalization ? 'topics' THEN 'c' END, CASE WHEN assessment_personalization ? 'feedback' THEN 'a' END, CASE WHEN session_personalization ? 'breaks' THEN 's' END, ' ',
                             num_nonnulls(mission_personalization, content_personalization, assessment_personalization, session_personalization), ' ', strategy_variant), ', ' ORDER BY context),
          'ASSESSMENT a 1 balanced, CONTENT c 1 prediction_heavy, MISSION m 1 pattern_heavy, SESSION s 1 balanced', 'each document in its column') FROM personalization_configs WHERE user_id = 'bob';
-- one in force: of several the newest stays; an ended one is not taken up again
INSERT INTO personalization_configs (id, user_id, preferences_id, context, strategy_variant, is_active, activated_at, deactivated_at)
SELECT v.id, 'bob', p.id, 'ASSESSMENT', 'balanced', v.active, v.at, v.ended FROM personalization_preferences p, (VALUES ('x1', true, now() + interval '1 hour', NULL), ('x2', true, now() + interval '1 hour', NULL), ('x3', false, now() + interval '2 hours', now())) v (id, active, at, ended) WHERE p.user_id = 'bob';
SELECT is(d ->> 'id' || ' ' || (d ->> 'is_new') || ' ' || (d ->> 'changed'), 'x2 false true', 'of several in force the newest, the last by id') FROM btwin_api.apply_personalization(context => 'ASSESSMENT') d;
SELECT is((SELECT string_agg(config_id || ' ' || event_type || ' ' || description, ', ' ORDER BY config_id = d ->> 'id', config_id) FROM btwin.config_history, made WHERE config_id IN ('x1', 'x2', d ->> 'id') AND (event_type = 'REMOVED' OR config_id = 'x2')),
          (SELECT 'x1 REMOVED Taken out of force: another one of the same context stays, x2 APPLIED Worked out anew, ' || (d ->> 'id') || ' REMOVED Taken out of force: another one of the same context stays' FROM made), 'the others end');
INSERT INTO personalization_configs (id, user_id, preferences_id, context, strategy_variant, activated_at) SELECT 'x4', 'bob', p.id, 'ASSESSMENT', 'balanced', '2026-01-01 00:00+00' FROM personalization_preferences p WHERE p.user_id = 'bob';
SELECT is((SELECT string_agg(btwin_api.apply_personalization(context => 'ASSESSMENT') ->> 'changed', ' ') FROM generate_series(1, 2)), 'true false', 'one other that ends is a change');
SELECT btwin_api.update_personalization_preferences(assessment_personalization_enabled => false), btwin_api.update_personalization_preferences(assessment_personalization_enabled => true) \g /dev/null
SELECT is((d ->> 'id' <> 'x2')::text || ' ' || (d ->> 'is_new'), 'true true', 'after it was switched off and on there is a new one') FROM btwin_api.apply_personalization(context => 'ASSESSMENT') d;
-- a decision of the bandit
INSERT INTO btwin.decision (user_id, id, context, policy, policy_version, arms, arm, propensity, propensities, reward_due_at)
VALUES ('bob', 'd1', 'SESSION', 'thompson', 't', '{short,long}', 'long', 0.5, '{0.5,0.5}', now()), ('ann', 'd2', 'SESSION', 'thompson', 't', '{short,long}', 'long', 0.5, '{0.5,0.5}', now());
SELECT is(d ->> 'strategy_variant' || ' ' || (d ->> 'is_new'), 'long false', 'its arm is the variant') FROM btwin_api.apply_personalization(context => 'SESSION', decision_id => 'd1') d;
SELECT is(pg_temp.refusals('apply_personalization', ARRAY['context => ''MISSION'', decision_id => ''d1''', 'context => ''SESSION'', decision_id => ''d2''']), 'PT400 not_allowed_value decision_id, PT404 unknown_id', 'about another context, of another learner');
-- where nothing may be written, and with an empty path
SET default_transaction_read_only = on;
SELECT is(pg_temp.refusals('update_personalization_preferences', ARRAY['personalization_level => ''HIGH''']) || ', ' || pg_temp.refusals('apply_personalization', ARRAY['context => ''SESSION''']), '25006, 25006', 'read only');
RESET default_transaction_read_only;
SET search_path = '';
CREATE TEMP TABLE empty_path AS SELECT btwin_api.update_personalization_preferences(personalization_level => 'HIGH') AS level;
CREATE TEMP TABLE empty_path_too AS SELECT btwin_api.apply_personalization(context => 'SESSION') AS applied;
RESET search_path;
SELECT is(level ->> 'personalization_level' || ' ' || (applied ->> 'context'), 'HIGH SESSION', 'an empty search_path') FROM empty_path, empty_path_too;
-- as a learner under policies: everything is made anew
BEGIN;
CREATE ROLE regress_person_web;
SELECT count(*) AS secured FROM btwin.secure('regress_person_web') \gset
DELETE FROM personalization_preferences WHERE user_id = 'bob';
SET LOCAL btwin.user_id = 'bob';
SET LOCAL ROLE regress_person_web;
CREATE TEMP TABLE learners AS SELECT btwin_api.apply_personalization(context => 'SESSION') AS applied, btwin_api.update_personalization_preferences(personalization_level => 'HIGH') AS level;
CREATE TEMP TABLE learners_too AS SELECT btwin_api.apply_personalization(context => 'SESSION', strategy_variant => 'conservative') AS changed, btwin_api.update_personalization_preferences(personalization_level => 'NONE') AS off;
RESET ROLE;
SELECT concat_ws(' ', applied -> 'is_new', level -> 'changed', changed -> 'is_new', changed ->> 'strategy_variant', off -> 'configs_deactivated') AS found FROM learners, learners_too \gset
ROLLBACK;
SELECT is(:'found'::text, 'true true false conservative 1', 'with the rights of a learner');
SELECT * FROM finish();
