-- The analysis of personalization: what configurations changed, week by week, and
-- working them out anew
\set QUIET on
SET client_min_messages = warning;
SET DateStyle = 'ISO, YMD';
SET TimeZone = 'Asia/Tokyo';
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS btwin;
SELECT plan(78);
CREATE TEMP TABLE attached AS SELECT * FROM btwin.attach('public');

-- ann lives in New York: weeks begin on Sundays at 05:00 UTC, at 04:00 from 8 March 2026 on
INSERT INTO users (id, behavioral_analysis_enabled) VALUES ('ann', true), ('bob', true), ('cid', true), ('dan', true);
INSERT INTO btwin.learner (user_id, time_zone) VALUES ('ann', 'America/New_York'), ('cid', 'UTC'), ('dan', 'UTC');
INSERT INTO personalization_preferences (id, user_id) VALUES ('p1', 'ann'), ('p2', 'bob'), ('p3', 'cid'), ('p4', 'dan');
CREATE FUNCTION pg_temp.run(learner text, moment timestamptz) RETURNS text LANGUAGE sql AS $$
SELECT concat_ws(' ', d ->> 'configs_adapted', d ->> 'weeks_created', d ->> 'weeks_updated', d ->> 'scores_changed') FROM btwin._analyze_personalization(learner, moment) AS d
$$;
-- outcomes an hour apart from a moment on
CREATE FUNCTION pg_temp.put(learner text, context text, config text, applied boolean, at timestamptz, retention float8[], performance float8[] DEFAULT NULL, completion float8[] DEFAULT NULL, engagement float8[] DEFAULT NULL) RETURNS void LANGUAGE sql AS $$
INSERT INTO personalization_outcomes (id, user_id, config_id, outcome_type, context, timestamp, retention_score, performance_score, completion_rate, engagement_score, personalization_applied)
SELECT 'o' || (SELECT count(*) FROM personalization_outcomes) + i, learner, config, 'SESSION_COMPLETED', context, at + (i - 1) * interval '1 hour', retention[i], performance[i], completion[i], engagement[i], applied
FROM generate_series(1, greatest(cardinality(retention), cardinality(performance), cardinality(completion), cardinality(engagement))) AS i
$$;
-- what a query finds after what was called before it
CREATE FUNCTION pg_temp.value(query text) RETURNS text LANGUAGE plpgsql AS $$ DECLARE found text; BEGIN EXECUTE query INTO found; RETURN found; END $$;
-- weeks as month-day of their start at the learner's clock
CREATE FUNCTION pg_temp.weeks(config text) RETURNS text LANGUAGE sql AS $$
SELECT string_agg(concat_ws(' ', to_char(e.start_date AT TIME ZONE btwin.learner_time_zone(e.user_id), 'MM-DD'), e.sample_size, round(e.retention_improvement::numeric, 4), CASE WHEN e.is_statistically_significant THEN 'significant' END), ', ' ORDER BY e.start_date)
FROM personalization_effectiveness e WHERE e.config_id = config
$$;
SELECT is((SELECT concat_ws(' ', position, step, function) FROM btwin.analysis_step WHERE step = 'personalization'), '60 personalization btwin._analyze_personalization', 'a step of the analysis');
SELECT is(pg_temp.run('ann', '2026-03-16 12:00+00'), '0 0 0 0', 'no configuration');
INSERT INTO personalization_configs (id, user_id, preferences_id, context, strategy_variant, activated_at) VALUES ('c1', 'ann', 'p1', 'MISSION', 'balanced', '2026-02-04 12:00+00');
SELECT is(pg_temp.run('ann', '2026-03-16 12:00+00'), '0 0 0 0', 'no outcomes');

-- before: four outcomes, then five. 0.5 0.6 0.7 0.6 | 0.6: mean 0.6, variance 0.02/4
SELECT pg_temp.put('ann', 'MISSION', NULL, false, '2026-01-20 12:00+00', '{0.5,0.6,0.7,0.6}', '{0,0,0,0}', '{0.8,0.8,0.8,0.8}', '{0.5,0.5,0.5,0.5}') AS x \gset
SELECT pg_temp.put('ann', 'MISSION', 'c1', true, '2026-02-09 12:00+00', '{0.7}', '{0.5}', '{0.6}') AS x \gset
SELECT pg_temp.put('ann', 'MISSION', NULL, false, '2026-02-03 12:00+00', '{0.6}') AS x \gset
SELECT is(pg_temp.run('ann', '2026-03-16 12:00+00'), '0 0 0 0', 'one outcome in a week is not enough');
DELETE FROM personalization_outcomes WHERE retention_score = 0.6 AND timestamp > '2026-02-01';
SELECT pg_temp.put('ann', 'MISSION', 'c1', true, '2026-02-10 12:00+00', '{0.8}', '{0.5}', '{0.6}', '{0.5}') AS x \gset
SELECT is(pg_temp.run('ann', '2026-03-16 12:00+00'), '0 0 0 0', 'four before are not enough');
SELECT pg_temp.put('ann', 'MISSION', 'c1', true, '2026-02-11 12:00+00', '{0.75}', '{0.5}', '{0.6}') AS x \gset
SELECT pg_temp.put('ann', 'MISSION', NULL, false, '2026-02-03 12:00+00', '{0.6}', '{0}', '{0.8}', '{0.5}') AS x \gset
SELECT is(pg_temp.run('ann', '2026-03-16 12:00+00'), '0 1 0 0', 'five before and three in a week are');
-- retention 100 (0.75/0.6 - 1); completion 100 (0.6/0.8 - 1); performance was 0 before;
-- engagement: one value in the week. composite (0.4 (50 + 25/2) + 0.2 (50 - 25/2))/0.6
-- = 162.5/3. p and correlation: ttest_ind(equal_var=False) and pearsonr of SciPy 1.10; interval:
-- roots x of (m0^2 - T v0) x^2 - 2 m0 m1 x + m1^2 - T v1, v the variances of the means, T the
-- square of t at 0.975 by mpmath (SciPy's t.ppf is off by 1e-9 for degrees that are no integers)
SELECT results_eq($$SELECT start_date, end_date, retention_improvement, performance_improvement, completion_rate_change, engagement_change, sample_size, round(composite_score::numeric, 6), is_statistically_significant, calculated_at FROM personalization_effectiveness$$,
    $$VALUES ('2026-02-08 05:00+00'::timestamptz, '2026-02-15 05:00+00'::timestamptz, 25::float8, NULL::float8, -25::float8, NULL::float8, 3, 54.166667, true, '2026-03-16 12:00+00'::timestamptz)$$, 'the week');
SELECT ok(abs(p_value - 0.01418593321820052) < 1e-12 AND abs(correlation - 0.7924058156931) < 1e-9, 'p after Welch, correlation') FROM personalization_effectiveness;
SELECT ok(abs((confidence_interval ->> 'lower')::float8 - 6.6058724491312) < 1e-9 AND abs((confidence_interval ->> 'upper')::float8 - 47.76328300564) < 1e-9 AND confidence_interval - '{lower,upper}'::text[] = '{}', 'interval after Fieller') FROM personalization_effectiveness;
SELECT is(concat_ws(' ', correlation, confidence_interval ->> 'lower', confidence_interval ->> 'upper', composite_score), '0.792405816 6.605872449 47.763283006 54.166666667', 'stored to nine digits') FROM personalization_effectiveness;
SELECT results_eq($$SELECT p.method, p.version, p.computed_for, p.evidence_count, p.low = (e.confidence_interval ->> 'lower')::float8, p.high = (e.confidence_interval ->> 'upper')::float8 FROM btwin.provenance p JOIN personalization_effectiveness e USING (id, user_id) WHERE p.kind = 'personalization_effectiveness'$$,
    $$VALUES ('btwin', 'effectiveness-1', '2026-03-16 12:00+00'::timestamptz, 3, true, true)$$, 'its provenance');

-- nothing is written twice
CREATE FUNCTION pg_temp.versions() RETURNS text LANGUAGE sql AS $$
SELECT md5(concat((SELECT string_agg(concat(ctid, xmin, t), ',' ORDER BY id) FROM personalization_effectiveness t), (SELECT string_agg(concat(ctid, xmin, t), ',' ORDER BY id) FROM personalization_configs t),
                  (SELECT string_agg(concat(ctid, xmin, t), ',' ORDER BY id) FROM btwin.provenance t), (SELECT string_agg(concat(ctid, xmin, t), ',' ORDER BY config_id, number) FROM btwin.config_history t)))
$$;
CREATE TEMP TABLE seen AS SELECT pg_temp.versions() AS v;
SELECT is(pg_temp.run('ann', '2026-03-16 13:00+00') || ' ' || pg_temp.value('SELECT v = pg_temp.versions() FROM seen'), '0 0 0 0 true', 'a second run writes nothing');
-- an outcome that was told later: (0.7 + 0.8 + 0.75 + 0.55)/4 = 0.7
CREATE TEMP TABLE kept AS SELECT id FROM personalization_effectiveness;
SELECT pg_temp.put('ann', 'MISSION', 'c1', true, '2026-02-12 12:00+00', '{0.55}') AS x \gset
SELECT is(pg_temp.run('ann', '2026-03-17 12:00+00') || ' ' || pg_temp.weeks('c1'), '0 0 1 0 02-08 4 16.6667', 'a late outcome changes its week');
SELECT is((SELECT e.id = k.id AND e.calculated_at = '2026-03-17 12:00+00' AND p.computed_for = '2026-03-17 12:00+00' FROM personalization_effectiveness e, kept k, btwin.provenance p WHERE p.id = e.id), true, 'in place');
DELETE FROM personalization_outcomes WHERE retention_score = 0.55;

-- what belongs to a week. The week of the 8th ends on the 15th at 05:00 UTC
DELETE FROM personalization_effectiveness;
CREATE FUNCTION pg_temp.added(context text, config text, applied boolean, at timestamptz, value float8) RETURNS text LANGUAGE plpgsql AS $$
DECLARE answer text;
BEGIN
    PERFORM pg_temp.put('ann', context, config, applied, at, ARRAY[value]);
    PERFORM btwin._analyze_personalization('ann', '2026-03-16 12:00+00');
    answer := coalesce(pg_temp.weeks('c1'), '');
    DELETE FROM personalization_outcomes WHERE timestamp = at;
    DELETE FROM personalization_effectiveness;
    RETURN answer;
END $$;
SELECT is(pg_temp.added('MISSION', 'c1', true, '2026-02-15 04:59:59.999999+00', 0.75), '02-08 4 25.0000 significant', 'the last moment of a week');
SELECT is(pg_temp.added('MISSION', 'c1', true, '2026-02-15 05:00+00', 0.75), '02-08 3 25.0000 significant', 'and the first of the next');
SELECT is(pg_temp.added('MISSION', 'c1', true, '2026-02-08 05:00+00', 0.75), '02-08 4 25.0000 significant', 'the first moment of a week');
SELECT is(pg_temp.added('MISSION', NULL, true, '2026-02-14 12:00+00', 0.75), '02-08 4 25.0000 significant', 'an outcome that names no configuration');
SELECT is(pg_temp.added('MISSION', 'c0', true, '2026-02-14 12:00+00', 0.75), '02-08 3 25.0000 significant', 'one that names another one');
SELECT is(pg_temp.added('SESSION', 'c1', true, '2026-02-14 12:00+00', 0.75), '02-08 3 25.0000 significant', 'of another context');
SELECT is(pg_temp.added('MISSION', 'c1', false, '2026-02-14 12:00+00', 0.75), '02-08 3 25.0000 significant', 'without personalization');
-- before: (0.6 * 5 + 0.9)/6 = 0.65, 100 (0.75/0.65 - 1) = 15.3846
SELECT is(pg_temp.added('MISSION', NULL, false, '2026-02-04 11:59:59.999999+00', 0.9), '02-08 3 15.3846', 'the last moment before');
SELECT is(pg_temp.added('MISSION', NULL, false, '2026-02-04 12:00+00', 0.9), '02-08 3 25.0000 significant', 'the moment it was put in force is not before');
SELECT is(pg_temp.added('MISSION', NULL, false, '2025-12-24 12:00+00', 0.9), '02-08 3 15.3846', 'six weeks before');
SELECT is(pg_temp.added('MISSION', NULL, false, '2025-12-24 11:59:59.999999+00', 0.9), '02-08 3 25.0000 significant', 'and more');
SELECT is(pg_temp.added('MISSION', NULL, true, '2026-01-24 12:00+00', 0.9), '02-08 3 25.0000 significant', 'with personalization');
SELECT is(pg_temp.added('SESSION', NULL, false, '2026-01-24 12:00+00', 0.9), '02-08 3 25.0000 significant', 'of another context');
-- in force from the 4th on: of its week
SELECT pg_temp.put('ann', 'MISSION', NULL, true, '2026-02-04 12:00+00', '{0.6,0.6}') AS x \gset
SELECT is(pg_temp.added('MISSION', NULL, true, '2026-02-04 11:59:59.999999+00', 0.6), '02-01 2 0.0000, 02-08 3 25.0000 significant', 'not before it was put in force');
UPDATE personalization_configs SET is_active = false, deactivated_at = '2026-02-14 12:00+00';
SELECT is(pg_temp.added('MISSION', NULL, true, '2026-02-14 11:59:59.999999+00', 0.75), '02-01 2 0.0000, 02-08 4 25.0000 significant', 'until it was taken out of force');
SELECT is(pg_temp.added('MISSION', NULL, true, '2026-02-14 12:00+00', 0.75), '02-01 2 0.0000, 02-08 3 25.0000 significant', 'not after');
SELECT is(pg_temp.added('MISSION', 'c1', true, '2026-02-14 12:00+00', 0.75), '02-01 2 0.0000, 02-08 4 25.0000 significant', 'unless it is named');
UPDATE personalization_configs SET is_active = true, deactivated_at = NULL;
DELETE FROM personalization_outcomes WHERE timestamp < '2026-02-08' AND personalization_applied;
-- a week counts when it has ended: the one of 1 March at 05:00 UTC on the 8th, the one of the 8th at 04:00
SELECT pg_temp.put('ann', 'MISSION', 'c1', true, '2026-03-09 12:00+00', '{0.7,0.7}') AS x \gset
-- the week of 8 February ended less than four weeks ago: it gives a score
SELECT is(pg_temp.run('ann', '2026-03-15 03:59:59.999999+00'), '0 1 0 1', 'a week that has not ended');
SELECT is(pg_temp.run('ann', '2026-03-15 04:00+00') || ' ' || pg_temp.weeks('c1'), '0 1 0 1 02-08 3 25.0000 significant, 03-08 2 16.6667 significant', 'and the moment it has');
SELECT is((SELECT count(*) FROM personalization_effectiveness WHERE start_date = '2026-03-08 05:00+00' AND end_date = '2026-03-15 04:00+00'), 1::bigint, 'a week of 167 hours');

-- Together: in the week of the 15th two configurations with p = 0.0341 and 0.0273 (both 2 * 0.0273 = 0.0547 after Holm);
-- in that of the 22nd 0.0142 and 0.0273 (0.0284 and 0.0284); alone 0.0341 is significant, see the week of 8 March
INSERT INTO personalization_configs (id, user_id, preferences_id, context, strategy_variant, activated_at) VALUES ('c2', 'ann', 'p1', 'SESSION', 'conservative', '2026-02-04 12:00+00');
SELECT pg_temp.put('ann', 'SESSION', NULL, false, '2026-01-20 12:00+00', '{0.4,0.5,0.6,0.5,0.5,0.5}') AS x \gset
SELECT pg_temp.put('ann', 'MISSION', 'c1', true, '2026-02-16 12:00+00', '{0.7,0.7}') AS x \gset
SELECT pg_temp.put('ann', 'SESSION', 'c2', true, '2026-02-16 12:00+00', '{0.58,0.6,0.56}') AS x \gset
SELECT pg_temp.put('ann', 'MISSION', 'c1', true, '2026-02-23 12:00+00', '{0.7,0.8,0.75}') AS x \gset
SELECT pg_temp.put('ann', 'SESSION', 'c2', true, '2026-02-23 12:00+00', '{0.58,0.6,0.56}') AS x \gset
SELECT pg_temp.run('ann', '2026-03-16 12:00+00') AS x \gset
SELECT is(pg_temp.weeks('c1') || '; ' || pg_temp.weeks('c2'), '02-08 3 25.0000 significant, 02-15 2 16.6667, 02-22 3 25.0000 significant, 03-08 2 16.6667 significant; 02-15 3 16.0000, 02-22 3 16.0000 significant', 'significance of what is tested together');
SELECT ok(bool_and(abs(p_value - p) < 1e-12 AND abs((confidence_interval ->> 'lower')::float8 - low) < 1e-9 AND abs((confidence_interval ->> 'upper')::float8 - high) < 1e-9) AND count(*) = 2, 'their p and intervals, worked out in the same way')
FROM personalization_effectiveness JOIN (VALUES ('c1', 0.034109423167409614, 1.773933722895, 36.665072472819), ('c2', 0.027334474411592837, 2.1855034439806, 33.428472567089)) v (config_id, p, low, high) USING (config_id)
WHERE start_date = '2026-02-15 05:00+00';
-- what is read: weeks of the 15th and 22nd, 3 + 2 + 3 + 3 outcomes
SELECT is(concat_ws(' ', d #>> '{statistical,sample_size}', d #>> '{statistical,confidence_interval,lower}' IS NOT NULL, jsonb_array_length(d -> 'timeline')), '11 t 4', 'the endpoint pools them')
FROM btwin_api.personalization_effectiveness('ann', '2026-02-15 05:00+00', '2026-03-01 05:00+00', as_of => '2026-03-16 12:00+00') d;

-- Values that are all alike, and weights: before 0.5 each; retention 0.6, performance 0.4, completion 0.7, engagement 0.3:
-- 0.4 (50 + 10) + 0.3 (50 - 10) + 0.2 (50 + 20) + 0.1 (50 - 20) = 53
CREATE FUNCTION pg_temp.config(config text, learner text, context text, at timestamptz, before float8[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE n int[] := ARRAY[5, before[5], before[5], before[5]];
BEGIN
    INSERT INTO personalization_configs (id, user_id, preferences_id, context, strategy_variant, activated_at) SELECT config, learner, id, context, 'balanced', at FROM personalization_preferences WHERE user_id = learner;
    PERFORM pg_temp.put(learner, context, NULL, false, at - interval '10 days', array_fill(before[1], ARRAY[5]), array_fill(before[2], ARRAY[before[5]::int]), array_fill(before[3], ARRAY[before[5]::int]), array_fill(before[4], ARRAY[before[5]::int]));
END $$;
SELECT pg_temp.config('d1', 'dan', 'MISSION', '2026-02-01 00:00+00', '{0.5,0.5,0.5,0.5,5}') AS x \gset
SELECT pg_temp.put('dan', 'MISSION', 'd1', true, '2026-02-10 12:00+00', '{0.6,0.6}', '{0.4,0.4}', '{0.7,0.7}', '{0.3,0.3}') AS x \gset
-- four before of all but retention; one in the week of all but retention; 0 before of all but performance
SELECT pg_temp.config('d2', 'dan', 'SESSION', '2026-02-01 00:00+00', '{0.5,0.5,0.5,0.5,4}') AS x \gset
SELECT pg_temp.put('dan', 'SESSION', 'd2', true, '2026-02-10 12:00+00', '{0.6,0.6}', '{0.4,0.4}', '{0.7,0.7}', '{0.3,0.3}') AS x \gset
SELECT pg_temp.config('d3', 'dan', 'CONTENT', '2026-02-01 00:00+00', '{0.5,0.5,0.5,0.5,5}') AS x \gset
SELECT pg_temp.put('dan', 'CONTENT', 'd3', true, '2026-02-10 12:00+00', '{0.6,0.6}', '{0.4}', '{0.7}', '{0.3}') AS x \gset
SELECT pg_temp.config('d4', 'dan', 'ASSESSMENT', '2026-02-01 00:00+00', '{0,0.5,0,0,5}') AS x \gset
SELECT pg_temp.put('dan', 'ASSESSMENT', 'd4', true, '2026-02-10 12:00+00', '{0.6,0.6}', '{0.4,0.4}', '{0.7,0.7}', '{0.3,0.3}') AS x \gset
SELECT is(pg_temp.run('dan', '2026-02-16 12:00+00'), '0 4 0 4', 'four contexts');
SELECT results_eq($$SELECT config_id, retention_improvement, performance_improvement, completion_rate_change, engagement_change, p_value, correlation, confidence_interval, is_statistically_significant, composite_score FROM personalization_effectiveness WHERE user_id = 'dan' ORDER BY 1$$,
    $$VALUES ('d1', 20::float8, -20::float8, 40::float8, -40::float8, NULL::float8, NULL::float8, NULL::jsonb, false, 53::float8), ('d2', 20, NULL, NULL, NULL, NULL, NULL, NULL, false, 60),
             ('d3', 20, NULL, NULL, NULL, NULL, NULL, NULL, false, 60), ('d4', NULL, -20, NULL, NULL, NULL, NULL, NULL, false, 40)$$, 'what there is enough of, and no percentage of nothing');
SELECT results_eq($$SELECT id, effectiveness_score, updated_at FROM personalization_configs WHERE user_id = 'dan' ORDER BY 1$$,
    $$VALUES ('d1', 53::float8, '2026-02-16 12:00+00'::timestamptz), ('d2', 60, '2026-02-16 12:00+00'), ('d3', 60, '2026-02-16 12:00+00'), ('d4', 40, '2026-02-16 12:00+00')$$, 'their scores');
-- an interval without end: before 0 0 0.2 0 0.1, mean 0.06, variance 0.008; T = 13.24 and 0.06^2 < T 0.008/5
UPDATE personalization_outcomes SET retention_score = v.r FROM (SELECT id, (ARRAY[0, 0, 0.2, 0, 0.1])[row_number() OVER (ORDER BY timestamp)] AS r FROM personalization_outcomes WHERE user_id = 'dan' AND context = 'CONTENT' AND NOT personalization_applied) v WHERE v.id = personalization_outcomes.id;
UPDATE personalization_outcomes SET retention_score = CASE WHEN performance_score IS NULL THEN 0.3 ELSE 0.2 END WHERE user_id = 'dan' AND context = 'CONTENT' AND personalization_applied;
SELECT is(pg_temp.run('dan', '2026-02-16 12:00+00'), '0 0 1 1', 'changed truth');
SELECT ok(round(retention_improvement::numeric, 4) = 316.6667 AND abs(p_value - 0.07649729836511625) < 1e-12 AND confidence_interval IS NULL, 'a mean before that may be 0') FROM personalization_effectiveness WHERE config_id = 'd3';

-- Scores over four weeks, by outcomes. Week of 8 February: retention 20 % of 2, performance -20 %;
-- (0.4 * 60 + 0.3 * 40)/0.7 = 51.428571. With that of the 15th, retention 40 % of 4: (20 * 2 + 40 * 4)/6 = 33.3333,
-- (0.4 * 66.6667 + 0.3 * 40)/0.7 = 55.238095. That of the 15th alone: 70
SELECT pg_temp.config('e1', 'cid', 'CONTENT', '2026-01-05 00:00+00', '{0.5,0.5,0.5,0.5,5}') AS x \gset
SELECT pg_temp.put('cid', 'CONTENT', 'e1', true, '2026-02-10 12:00+00', '{0.6,0.6}', '{0.4,0.4}') AS x \gset
SELECT pg_temp.put('cid', 'CONTENT', 'e1', true, '2026-02-17 12:00+00', '{0.7,0.7,0.7,0.7}') AS x \gset
CREATE FUNCTION pg_temp.scored(moment timestamptz) RETURNS text LANGUAGE sql AS $$
SELECT (btwin._analyze_personalization('cid', moment) ->> 'scores_changed') || ' ' || pg_temp.value($q$SELECT effectiveness_score FROM personalization_configs WHERE id = 'e1'$q$)
$$;
SELECT is(pg_temp.scored('2026-02-15 00:00+00'), '1 51.428571429', 'one week');
SELECT is(pg_temp.scored('2026-02-22 00:00+00'), '1 55.238095238', 'two weeks');
SELECT is(pg_temp.scored('2026-03-14 23:59:59.999999+00'), '0 55.238095238', 'until the first is four weeks old');
SELECT is(pg_temp.scored('2026-03-15 00:00+00'), '1 70', 'then without it');
SELECT is(pg_temp.scored('2026-03-22 00:00+00'), '0 70', 'without weeks it stays');
-- what the application says of weeks to come does not count yet
INSERT INTO personalization_effectiveness (id, user_id, config_id, start_date, end_date, retention_improvement, sample_size, composite_score) VALUES ('w1', 'cid', 'e1', '2026-03-16 00:00+00', '2026-03-23 00:00+00', -100, 9, 0);
SELECT is(pg_temp.scored('2026-03-22 23:59:59+00'), '0 70', 'a week that has not ended');
DELETE FROM personalization_effectiveness WHERE id = 'w1';
SELECT results_eq($$SELECT number, occurred_at, context, strategy_variant, round(previous_value::numeric, 6), round(new_value::numeric, 6), description FROM btwin.config_history WHERE user_id = 'cid' AND event_type = 'EFFECTIVENESS_CHANGED' ORDER BY 1$$,
    $$VALUES (1, '2026-02-15 00:00+00'::timestamptz, 'CONTENT', 'balanced', NULL::numeric, 51.428571, 'Measured over the last weeks'), (2, '2026-02-22 00:00+00', 'CONTENT', 'balanced', 51.428571, 55.238095, 'Measured over the last weeks'),
             (3, '2026-03-15 00:00+00', 'CONTENT', 'balanced', 55.238095, 70, 'Measured over the last weeks')$$, 'each change with the value before');
SELECT is((SELECT string_agg(event_type || ' ' || coalesce(round(previous_value)::text, '-') || ' ' || round(new_value), ', ') FROM btwin_api.personalization_history('cid', '2026-03-01', as_of => '2026-03-16 12:00+00')), 'EFFECTIVENESS_CHANGED 55 70', 'and the history shows it');
-- a week of the application's, -100 %, that ended yesterday: it counts if it began within 36 days, which were 26 March at 0 hours
INSERT INTO personalization_effectiveness (id, user_id, config_id, start_date, end_date, retention_improvement, sample_size, composite_score) VALUES ('w2', 'cid', 'e1', '2026-03-25 23:59:59.999999+00', '2026-04-30 00:00+00', -100, 9, 0);
SELECT is(pg_temp.scored('2026-05-01 00:00+00'), '0 70', 'what began more than 36 days before is no week');
UPDATE personalization_effectiveness SET start_date = '2026-03-26 00:00+00' WHERE id = 'w2';
SELECT is(pg_temp.scored('2026-05-01 00:00+00'), '1 0', 'and 36 days');
-- 26 weeks: the week of the 8th began 182 days before Sunday 9 August
DELETE FROM personalization_effectiveness WHERE user_id = 'cid';
SELECT is(pg_temp.run('cid', '2026-08-15 23:59:59+00') || ', ' || pg_temp.weeks('e1'), '0 2 0 0, 02-08 2 20.0000, 02-15 4 40.0000', '26 weeks');
DELETE FROM personalization_effectiveness WHERE user_id = 'cid';
SELECT is(pg_temp.run('cid', '2026-08-16 00:00+00') || ', ' || pg_temp.weeks('e1'), '0 1 0 0, 02-15 4 40.0000', 'and not one more');
-- in another time zone the same weeks begin at another hour
UPDATE btwin.learner SET time_zone = 'Pacific/Kiritimati' WHERE user_id = 'cid';
SELECT is(pg_temp.run('cid', '2026-08-15 00:00+00') || ', ' || pg_temp.value($q$SELECT string_agg((start_date AT TIME ZONE 'UTC')::text, ', ' ORDER BY start_date) FROM personalization_effectiveness WHERE user_id = 'cid'$q$),
          '0 1 1 0, 2026-02-07 10:00:00, 2026-02-14 10:00:00', 'a week stays one row');
-- half a week either way, and no more: its row is then that of no week that is measured
CREATE FUNCTION pg_temp.moved(by interval) RETURNS text LANGUAGE plpgsql AS $$
DECLARE answer text;
BEGIN
    UPDATE personalization_effectiveness e SET start_date = '2026-02-07 10:00+00'::timestamptz + by WHERE e.id = (SELECT k.id FROM first_week k);
    answer := pg_temp.run('cid', '2026-08-08 00:00+00');
    DELETE FROM personalization_effectiveness e WHERE e.user_id = 'cid' AND e.start_date < '2026-02-10' AND e.id <> (SELECT k.id FROM first_week k);
    RETURN answer;
END $$;
CREATE TEMP TABLE first_week AS SELECT id FROM personalization_effectiveness WHERE user_id = 'cid' AND start_date = '2026-02-07 10:00+00';
DELETE FROM personalization_outcomes WHERE user_id = 'cid' AND timestamp > '2026-02-16';
DELETE FROM personalization_effectiveness WHERE user_id = 'cid' AND start_date > '2026-02-10';
SELECT is((SELECT string_agg(pg_temp.moved(b), ', ' ORDER BY b) FROM unnest('{-84:00:00.000001,-84:00,84:00,84:00:00.000001}'::interval[]) b), '0 1 0 0, 0 0 1 0, 0 0 1 0, 0 1 0 0', 'a row is of the week that begins within half a week of it');
SELECT pg_temp.put('cid', 'CONTENT', 'e1', true, '2026-02-17 12:00+00', '{0.7,0.7,0.7,0.7}') AS x \gset
UPDATE personalization_effectiveness SET start_date = '2026-02-07 10:00+00' WHERE user_id = 'cid';
SELECT is(pg_temp.run('cid', '2026-08-15 00:00+00'), '0 1 0 0', 'as it was');
-- the application's own row
DELETE FROM btwin.provenance WHERE user_id = 'cid';
UPDATE personalization_effectiveness SET sample_size = 99, composite_score = 1 WHERE user_id = 'cid';
SELECT is(pg_temp.run('cid', '2026-08-15 00:00+00') || ', ' || pg_temp.weeks('e1'), '0 0 0 0, 02-08 99 20.0000, 02-15 99 40.0000', 'rows of the application stay as they are');

-- Configurations in force follow the profile
INSERT INTO user_learning_profiles (id, user_id, preferred_study_times, average_session_duration, optimal_session_duration, content_preferences, learning_style_profile, personalized_forgetting_curve, last_analyzed_at, data_quality_score)
VALUES ('l2', 'bob', '[]', 40, 65, '{}', '{}', '{}', '2026-03-15 02:00+00', 0.8);
INSERT INTO personalization_configs (id, user_id, preferences_id, context, strategy_variant, activated_at, confidence_score) VALUES ('b1', 'bob', 'p2', 'MISSION', 'conservative', '2026-03-01 00:00+00', 0.8);
INSERT INTO personalization_configs (id, user_id, preferences_id, context, strategy_variant, activated_at, is_active, deactivated_at) VALUES ('b2', 'bob', 'p2', 'SESSION', 'balanced', '2026-03-01 00:00+00', false, '2026-03-02 00:00+00');
SELECT is(pg_temp.run('bob', '2026-03-16 12:00+00') || ' ' || pg_temp.value($q$SELECT mission_personalization = btwin_api.personalization_config('bob', '2026-03-16 12:00+00') #> '{mission,parameters}' FROM personalization_configs WHERE id = 'b1'$q$), '1 0 0 0 true', 'the one in force gets its parameters');
SELECT is(pg_temp.run('bob', '2026-03-16 12:00+00'), '0 0 0 0', 'once');
UPDATE user_learning_profiles SET optimal_session_duration = 50 WHERE id = 'l2';
UPDATE personalization_preferences SET auto_adapt_enabled = false WHERE id = 'p2';
SELECT is(pg_temp.run('bob', '2026-03-16 12:00+00'), '0 0 0 0', 'not where the learner does not want it');
UPDATE personalization_preferences SET auto_adapt_enabled = true WHERE id = 'p2';
UPDATE user_learning_profiles SET data_quality_score = 0.69 WHERE id = 'l2';
SELECT is(pg_temp.run('bob', '2026-03-16 12:00+00'), '0 0 0 0', 'nor by a profile below the level');
UPDATE user_learning_profiles SET data_quality_score = 0.8 WHERE id = 'l2';
SELECT is(pg_temp.run('bob', '2026-03-16 12:00+00') || ' ' || pg_temp.value($q$SELECT mission_personalization ->> 'recommended_duration_minutes' || ' ' || strategy_variant || ' ' || (activated_at = '2026-03-01 00:00+00')::text FROM personalization_configs WHERE id = 'b1'$q$), '1 0 0 0 50 conservative true', 'else they follow');
SELECT results_eq($$SELECT config_id, number, event_type, occurred_at, description FROM btwin.config_history WHERE user_id = 'bob' ORDER BY number$$,
    $$VALUES ('b1', 1, 'APPLIED', '2026-03-16 12:00+00'::timestamptz, 'Worked out anew'), ('b1', 2, 'APPLIED', '2026-03-16 12:00+00', 'Worked out anew')$$, 'as their history says');

-- What is stored has nine digits: before 0.6 each; 0.7 is 16.666666667 % more, 0.8 33.333333333, 0.5 and 0.4 as much less
INSERT INTO users (id, behavioral_analysis_enabled) VALUES ('eve', true);
INSERT INTO btwin.learner (user_id, time_zone) VALUES ('eve', 'UTC');
INSERT INTO personalization_preferences (id, user_id) VALUES ('p5', 'eve');
SELECT pg_temp.config('f1', 'eve', 'MISSION', '2026-02-01 00:00+00', '{0.6,0.6,0.6,0.6,5}') AS x \gset
SELECT pg_temp.put('eve', 'MISSION', 'f1', true, '2026-02-10 12:00+00', '{0.7,0.7}', '{0.8,0.8}', '{0.5,0.5}', '{0.4,0.4}') AS x \gset
CREATE FUNCTION pg_temp.stored(config text) RETURNS text LANGUAGE sql AS $$
SELECT concat_ws(' ', e.retention_improvement, e.performance_improvement, e.completion_rate_change, e.engagement_change, e.sample_size) FROM personalization_effectiveness e WHERE e.config_id = config
$$;
SELECT is(pg_temp.run('eve', '2026-02-16 12:00+00') || ', ' || pg_temp.stored('f1'), '0 1 0 1, 16.666666667 33.333333333 -16.666666667 -33.333333333 2', 'nine digits');
-- an outcome that says nothing is none, nor are scores that are no shares
ALTER TABLE personalization_outcomes DROP CONSTRAINT personalization_outcomes_retention_score_check, DROP CONSTRAINT personalization_outcomes_performance_score_check,
    DROP CONSTRAINT personalization_outcomes_completion_rate_check, DROP CONSTRAINT personalization_outcomes_engagement_score_check;
SELECT pg_temp.put('eve', 'MISSION', c, c IS NOT NULL, at, v, v, v, v)
FROM (VALUES ('f1', '2026-02-11 12:00+00'::timestamptz), (NULL, '2026-01-28 12:00+00')) t (c, at), CAST('{-0.000001,1.000001,NaN,Infinity,NULL}' AS float8[]) v \g /dev/null
SELECT is(pg_temp.run('eve', '2026-02-16 12:00+00'), '0 0 0 0', 'scores below 0, above 1, none');
-- 0 and 1 are scores: (0.7 + 0.7 + 0 + 1)/4 = 0.6, (0.8 + 0.8 + 0 + 1)/4 = 0.65, (0.5 + 0.5 + 0 + 1)/4 = 0.5, (0.4 + 0.4 + 0 + 1)/4 = 0.45
SELECT pg_temp.put('eve', 'MISSION', 'f1', true, '2026-02-12 12:00+00', '{0,1}', '{0,1}', '{0,1}', '{0,1}') AS x \gset
SELECT is(pg_temp.run('eve', '2026-02-16 12:00+00') || ', ' || pg_temp.stored('f1'), '0 0 1 1, 0 8.333333333 -16.666666667 -25 4', '0 and 1 are scores');
-- in whole billionths: 0.60000000049 is 0.6, a fifth more than 0.5
SELECT pg_temp.config('f2', 'eve', 'SESSION', '2026-02-01 00:00+00', '{0.5,0.5,0.5,0.5,5}') AS x \gset
SELECT pg_temp.put('eve', 'SESSION', 'f2', true, '2026-02-10 12:00+00', v, v, v, v) FROM CAST('{0.60000000049,0.60000000049}' AS float8[]) v \g /dev/null
SELECT is(pg_temp.run('eve', '2026-02-16 12:00+00') || ', ' || pg_temp.stored('f2'), '0 1 0 1, 20 20 20 20 2', 'scores are whole billionths');
-- and anything above 0 can be compared: from one billionth to two
SELECT pg_temp.config('f3', 'eve', 'CONTENT', '2026-02-01 00:00+00', '{0.000000001,0.000000001,0.000000001,0.000000001,5}') AS x \gset
SELECT pg_temp.put('eve', 'CONTENT', 'f3', true, '2026-02-10 12:00+00', v, v, v, v) FROM CAST('{0.000000002,0.000000002}' AS float8[]) v \g /dev/null
SELECT is(pg_temp.run('eve', '2026-02-16 12:00+00') || ', ' || pg_temp.stored('f3'), '0 1 0 1, 100 100 100 100 2', 'the least mean that is above 0');

-- Interval after Fieller where values of the week are alike: m1/(m0 + s) to m1/(m0 - s), s = t sd(m0); before 0 0.1 0.2 0.3 0.4:
-- m0 = 0.2, variance of the mean 0.025/5, and 2.7764451051977987 is t at 0.975 with 4 degrees: s = 0.19632..., just below m0
SELECT pg_temp.config('f4', 'eve', 'ASSESSMENT', '2026-02-01 00:00+00', '{0.2,0.2,0.2,0.2,0}') AS x \gset
CREATE FUNCTION pg_temp.before(v float8[]) RETURNS void LANGUAGE sql AS $$
UPDATE personalization_outcomes o SET retention_score = v[n.n] FROM (SELECT id, row_number() OVER (ORDER BY timestamp) AS n FROM personalization_outcomes WHERE user_id = 'eve' AND context = 'ASSESSMENT' AND NOT personalization_applied) n WHERE n.id = o.id
$$;
SELECT pg_temp.before('{0,0.1,0.2,0.3,0.4}') AS x \gset
SELECT pg_temp.put('eve', 'ASSESSMENT', 'f4', true, '2026-02-10 12:00+00', '{0.3,0.3}') AS x \gset
SELECT is(pg_temp.run('eve', '2026-02-16 12:00+00'), '0 1 0 1', 'one more');
SELECT ok(abs((confidence_interval ->> 'lower')::float8 - 100 * (0.3 / (0.2 + 2.7764451051977987 * sqrt(0.005)) - 1)) < 1e-6 AND abs((confidence_interval ->> 'upper')::float8 - 100 * (0.3 / (0.2 - 2.7764451051977987 * sqrt(0.005)) - 1)) < 1e-6, 'a mean before that is just told apart from 0')
FROM personalization_effectiveness WHERE config_id = 'f4';
-- before 0.75 and four of 0.125: m0 = 1/4, variance of the mean (1/4 + 4/64)/4/5 = 1/64; were t 2, m0 would be just t sd(m0): no end
BEGIN;
CREATE OR REPLACE FUNCTION btwin._t_critical(df float8) RETURNS float8 LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS 'SELECT 2::float8';
SELECT pg_temp.before('{0.75,0.125,0.125,0.125,0.125}') AS x \gset
SELECT concat(pg_temp.run('eve', '2026-02-16 12:00+00'), ' ', pg_temp.value($q$SELECT coalesce(confidence_interval::text, 'none') FROM personalization_effectiveness WHERE config_id = 'f4'$q$)) AS just \gset
ROLLBACK;
SELECT is(:'just'::text, '0 0 1 1 none', 'and one that just is not');
-- neither mean is told apart from 0: before 0 0 0.2 0 0.1, in the week 0 0.1; 100 (0.05/0.06 - 1); and nothing but performance, 100 (0.4/0.5 - 1)
INSERT INTO users (id, behavioral_analysis_enabled) VALUES ('gus', true);
INSERT INTO btwin.learner (user_id, time_zone) VALUES ('gus', 'UTC');
INSERT INTO personalization_preferences (id, user_id) VALUES ('p6', 'gus');
INSERT INTO personalization_configs (id, user_id, preferences_id, context, strategy_variant, activated_at) VALUES ('g1', 'gus', 'p6', 'MISSION', 'balanced', '2026-02-01 00:00+00'), ('g2', 'gus', 'p6', 'SESSION', 'balanced', '2026-02-01 00:00+00');
SELECT pg_temp.put('gus', 'MISSION', NULL, false, '2026-01-20 12:00+00', '{0,0,0.2,0,0.1}') AS x \gset
SELECT pg_temp.put('gus', 'MISSION', 'g1', true, '2026-02-10 12:00+00', '{0,0.1}') AS x \gset
SELECT pg_temp.put('gus', 'SESSION', NULL, false, '2026-01-20 12:00+00', NULL, '{0.5,0.5,0.5,0.5,0.5}') AS x \gset
SELECT pg_temp.put('gus', 'SESSION', 'g2', true, '2026-02-10 12:00+00', NULL, '{0.4,0.4}') AS x \gset
SELECT is(pg_temp.run('gus', '2026-02-16 12:00+00'), '0 2 0 2', 'means that may be 0, and no retention at all');
SELECT results_eq($$SELECT config_id, retention_improvement, performance_improvement, p_value > 0.5, confidence_interval, composite_score FROM personalization_effectiveness WHERE user_id = 'gus' ORDER BY 1$$,
    $$VALUES ('g1', -16.666666667::float8, NULL::float8, true, NULL::jsonb, 41.666666667::float8), ('g2', NULL, -20, NULL, NULL, 40)$$, 'have changes without an interval');
-- below 0.05, not at it
CREATE FUNCTION pg_temp.judged(p float8) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('CREATE OR REPLACE FUNCTION btwin.beta_cdf(x float8, alpha float8, beta float8) RETURNS float8 LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS ''SELECT %s::float8''', p);
    PERFORM pg_temp.run('eve', '2026-02-16 12:00+00');
    RETURN pg_temp.value($q$SELECT p_value || ' ' || is_statistically_significant FROM personalization_effectiveness WHERE config_id = 'f4'$q$);
END $$;
BEGIN;
DELETE FROM personalization_outcomes WHERE user_id = 'eve' AND context = 'MISSION';
SELECT pg_temp.judged(0.05) AS at_level, pg_temp.judged(0.0499999) AS below_level \gset
ROLLBACK;
SELECT is(:'at_level'::text || ', ' || :'below_level', '0.05 false, 0.0499999 true', 'significance begins below 0.05');

-- The score before stands in the history, where it is one: 0 to 100
ALTER TABLE personalization_configs DROP CONSTRAINT personalization_configs_effectiveness_score_check;
CREATE FUNCTION pg_temp.previous(score float8) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    UPDATE personalization_configs SET effectiveness_score = score WHERE id = 'f2';
    PERFORM btwin._score_configs('eve', '2026-02-16 12:00+00');
    RETURN (SELECT concat_ws(' to ', previous_value, new_value) FROM btwin.config_history WHERE config_id = 'f2' ORDER BY number DESC LIMIT 1);
END $$;
-- 20 % more of all: 50 + 20/2
SELECT is((SELECT string_agg(pg_temp.previous(s), ', ' ORDER BY s) FROM unnest('{-0.5,0,0.5,100,100.5,NaN}'::float8[]) s), '60, 0 to 60, 0.5 to 60, 100 to 60, 60, 60', 'scores that are none are not shown');

-- In force at the moment, ended since: an analysis of a day gone by changes nothing
INSERT INTO users (id) VALUES ('pia');
INSERT INTO personalization_preferences (id, user_id, personalization_level, auto_adapt_enabled) VALUES ('ppia', 'pia', 'HIGH', true);
INSERT INTO user_learning_profiles (id, user_id, preferred_study_times, average_session_duration, optimal_session_duration, content_preferences, learning_style_profile, personalized_forgetting_curve, last_analyzed_at, data_quality_score)
VALUES ('q5', 'pia', '[]', 40, 45, '{}', '{}', '{}', '2026-02-15Z', 0.9);
INSERT INTO personalization_configs (id, user_id, preferences_id, context, strategy_variant, confidence_score, is_active, activated_at, deactivated_at) VALUES ('h1', 'pia', 'ppia', 'SESSION', 'balanced', 0.5, false, '2026-02-01Z', '2026-02-20Z');
SELECT is(pg_temp.run('pia', '2026-02-16 12:00+00'), '0 0 0 0', 'a configuration that has ended is not adapted');
SELECT is((SELECT jsonb_agg(to_jsonb(c) - 'updated_at' - 'created_at') FROM personalization_configs AS c WHERE c.user_id = 'pia' AND (c.id <> 'h1' OR c.session_personalization IS NOT NULL)), NULL, 'nor is there another');
SELECT * FROM finish();
