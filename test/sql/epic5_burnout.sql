-- the reference's burnout rules: every boundary exactly and just above
SET search_path = '';
SET extra_float_digits = 0;
SET TimeZone = 'UTC';
SET DateStyle = 'ISO, MDY';

CREATE FUNCTION public.fault(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    state text; message text; detail text; hint text;
BEGIN
    EXECUTE statement;
    RETURN 'no error';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT,
        detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
    RETURN pg_catalog.format('%s: %s | %s | %s', state, message, detail, hint);
END $$;

\echo == nothing at all: score 0, LOW, confidence 0.7 * 0.5 * 0.8 * 0.6 = 0.168
SELECT score, level, round(confidence::numeric, 12) AS confidence FROM btwin.epic5_burnout();
SELECT factor, value, score, weight, percentage, contribution, severity FROM btwin.epic5_burnout_factors();

\echo == intensity: hours a week = minutes / 60 / 2, above 40, 30, 20, any session
-- four sessions of half the week's minutes each
SELECT minutes, f.value, f.score FROM (VALUES (0.0), (600), (1200), (1200.0006), (1800), (1800.0006), (2400), (2400.0006), (2900)) v(minutes),
    LATERAL btwin.epic5_burnout_factors(session_minutes => pg_catalog.array_fill((minutes / 2)::float8, '{4}')) f
WHERE f.factor = 'Study Intensity' ORDER BY minutes;
SELECT value, score FROM btwin.epic5_burnout_factors(session_minutes => '{}') WHERE factor = 'Study Intensity';
-- a single session: 600 / 60 / 2
SELECT value, score FROM btwin.epic5_burnout_factors(session_minutes => '{600}') WHERE factor = 'Study Intensity';

\echo == decline: first floor(n/2) rows against the rest, at least 7 rows, above 0.35, 0.25, 0.15, 0.05
-- 8 rows: 0.8 four times, then b: (0.8 - b) / 0.8; exact in binary: 1 against 1 - d
SELECT b, round(f.value::numeric, 12) AS value, f.score FROM (VALUES (1.0), (0.950001), (0.949999), (0.850001), (0.849999), (0.750001), (0.749999), (0.650001), (0.649999), (0)) v(b),
    LATERAL btwin.epic5_burnout_factors(retention => ARRAY[1, 1, 1, 1, b, b, b, b]::float8[]) f
WHERE f.factor = 'Performance Decline' ORDER BY b DESC;
-- exactly at a threshold is not above: in binary 0.625 - 0.59375 = 0.05 * 0.625, and so on; 1 - 0.75
SELECT r, f.value, f.score FROM (VALUES ('{0.625,0.625,0.625,0.625,0.59375,0.59375,0.59375,0.59375}'::float8[]), ('{0.625,0.625,0.625,0.625,0.53125,0.53125,0.53125,0.53125}'),
        ('{1,1,1,1,0.75,0.75,0.75,0.75}'), ('{0.625,0.625,0.625,0.625,0.40625,0.40625,0.40625,0.40625}')) v(r),
    LATERAL btwin.epic5_burnout_factors(retention => r) f WHERE factor = 'Performance Decline' ORDER BY value;
-- 7 rows: floor(7/2) = 3 against 4: (1 - (1 + 3 * 0.5) / 4) / 1 = 0.375; the fourth row belongs to the rest
SELECT value, score FROM btwin.epic5_burnout_factors(retention => '{1,1,1,1,0.5,0.5,0.5}') WHERE factor = 'Performance Decline';
-- the whole first half counts: (0.9 - 0.6) / 0.9
SELECT round(value::numeric, 12) AS value, score FROM btwin.epic5_burnout_factors(retention => '{1,1,0.8,0.8,0.6,0.6,0.6,0.6}') WHERE factor = 'Performance Decline';
-- 6 rows: no value
SELECT value, score FROM btwin.epic5_burnout_factors(retention => '{1,1,1,0,0,0}') WHERE factor = 'Performance Decline';
-- 0/0 is not a number, from 0 to 0.5 minus infinity: both NULL, scored 0; a rise is below 0.05
SELECT r, value, score FROM (VALUES ('{0,0,0,0,0,0,0}'::float8[]), ('{0,0,0,0.5,0.5,0.5,0.5}'), ('{0.5,0.5,0.5,0.75,0.75,0.75,0.75}')) v(r),
    LATERAL btwin.epic5_burnout_factors(retention => r) f WHERE factor = 'Performance Decline' ORDER BY r;

\echo == chronic load: rows above 60 per day with rows, above 0.5, 0.35, 0.2, 0.1
-- n of 1000 days, one row each, just above 60
SELECT n, f.value, f.score FROM pg_catalog.unnest('{0,100,101,200,201,350,351,500,501,1000}'::int[]) n,
    LATERAL btwin.epic5_burnout_factors(loads => (SELECT pg_catalog.array_agg(CASE WHEN g <= n THEN 60.000001 ELSE 50 END) FROM pg_catalog.generate_series(1, 1000) g),
                                        load_days => (SELECT pg_catalog.array_agg('2024-01-01'::date + g) FROM pg_catalog.generate_series(1, 1000) g)) f
WHERE f.factor = 'Chronic Cognitive Load' ORDER BY n;
-- exactly 60 does not count; three rows on one day give a ratio of 3; days need not be in order
SELECT value, score FROM btwin.epic5_burnout_factors(loads => '{60,60}', load_days => '{2024-01-01,2024-01-02}') WHERE factor = 'Chronic Cognitive Load';
SELECT value, score FROM btwin.epic5_burnout_factors(loads => '{61,61,61}', load_days => '{2024-01-01,2024-01-01,2024-01-01}') WHERE factor = 'Chronic Cognitive Load';
SELECT value, score FROM btwin.epic5_burnout_factors(loads => '{61,10,10,61}', load_days => '{2024-01-02,2024-01-01,2024-01-03,2024-01-02}') WHERE factor = 'Chronic Cognitive Load';

\echo == irregularity: SKIPPED / 14 from 7 missions on, above 0.3, 0.2, 0.1, 0.05
-- 1/14 = 0.071, 2/14 = 0.143, 3/14 = 0.214, 4/14 = 0.286, 5/14 = 0.357
SELECT n, round(f.value::numeric, 6) AS value, f.score FROM pg_catalog.generate_series(0, 5) n,
    LATERAL btwin.epic5_burnout_factors(mission_statuses => (SELECT pg_catalog.array_agg(CASE WHEN g <= n THEN 'SKIPPED' ELSE 'COMPLETED' END) FROM pg_catalog.generate_series(1, 7) g),
                                        difficulty_ratings => pg_catalog.array_fill(NULL::int, '{7}')) f
WHERE f.factor = 'Schedule Irregularity' ORDER BY n;
SELECT value, score FROM btwin.epic5_burnout_factors(mission_statuses => '{SKIPPED,SKIPPED,SKIPPED,SKIPPED,SKIPPED,SKIPPED}', difficulty_ratings => '{3,3,3,3,3,3}') WHERE factor = 'Schedule Irregularity';

\echo == engagement: (SKIPPED + rated 1 or 2) / missions, above 0.4, 0.3, 0.2, 0.1
-- n of 1000 missions
SELECT n, f.value, f.score FROM pg_catalog.unnest('{0,100,101,200,201,300,301,400,401}'::int[]) n,
    LATERAL btwin.epic5_burnout_factors(mission_statuses => (SELECT pg_catalog.array_agg(CASE WHEN g <= n THEN 'SKIPPED' ELSE 'PENDING' END) FROM pg_catalog.generate_series(1, 1000) g),
                                        difficulty_ratings => pg_catalog.array_fill(NULL::int, '{500}') || pg_catalog.array_fill(3, '{500}')) f
WHERE f.factor = 'Engagement Decay' ORDER BY n;
-- just above: 2/19 = 0.105, 3/14 = 0.214, 4/13 = 0.308, 3/7 = 0.429
SELECT n, of, f.score FROM (VALUES (2, 19), (3, 14), (4, 13), (3, 7)) v(n, of),
    LATERAL btwin.epic5_burnout_factors(mission_statuses => (SELECT pg_catalog.array_agg(CASE WHEN g <= n THEN 'SKIPPED' ELSE 'PENDING' END) FROM pg_catalog.generate_series(1, of) g),
                                        difficulty_ratings => pg_catalog.array_fill(NULL::int, ARRAY[of])) f
WHERE f.factor = 'Engagement Decay' ORDER BY f.score;
SELECT value, score FROM btwin.epic5_burnout_factors(mission_statuses => '{SKIPPED}', difficulty_ratings => '{3}') WHERE factor = 'Engagement Decay';
-- ratings of 1 and 2 count, 3 does not; a mission skipped and rated low counts twice: (1 + 3) / 4
SELECT value, score FROM btwin.epic5_burnout_factors(mission_statuses => '{COMPLETED,COMPLETED,COMPLETED,COMPLETED}', difficulty_ratings => '{1,2,3,NULL}') WHERE factor = 'Engagement Decay';
SELECT value, score FROM btwin.epic5_burnout_factors(mission_statuses => '{SKIPPED,COMPLETED,COMPLETED,IN_PROGRESS}', difficulty_ratings => '{1,1,2,5}') WHERE factor = 'Engagement Decay';

\echo == recovery: rows below 40 among the last 7: none 100, one 50, two 25, more 0
SELECT l, f.value, f.score FROM (VALUES ('{}'::float8[]), ('{40}'), ('{39.999999}'), ('{39.999999,39}'), ('{39.999999,39,38}'), ('{10,10,10,50,50,50,50,50,50,50}'), ('{10,10,10,50,50,50,50,50,50}')) v(l),
    LATERAL btwin.epic5_burnout_factors(loads => l, load_days => pg_catalog.array_fill('2024-01-01'::date, ARRAY[pg_catalog.cardinality(l)])) f
WHERE f.factor = 'Recovery Deficit' ORDER BY pg_catalog.cardinality(l), f.value;

\echo == all at their worst: 100; weights by one factor at a time
SELECT score, level, confidence FROM btwin.epic5_burnout(
    pg_catalog.array_fill(600.0::float8, '{10}'), '{1,1,1,1,0,0,0,0}', pg_catalog.array_fill(61.0::float8, '{20}'), pg_catalog.array_fill('2024-01-01'::date, '{20}'),
    pg_catalog.array_fill('SKIPPED'::text, '{10}'), pg_catalog.array_fill(NULL::int, '{10}'));
-- hours 50: 0.2 * 100 = 20; decline 1: 25; loads 61 on each day: 0.25 * 100 + 0.05 * 100 = 30; loads of 30 cost the 5: 25;
-- 10 skipped: 0.15 * 100 + 0.10 * 100 = 25; of 4 missions too few for irregularity: 10
SELECT (btwin.epic5_burnout(session_minutes => pg_catalog.array_fill(600.0::float8, '{10}'))).score AS intensity,
       (btwin.epic5_burnout(retention => '{1,1,1,1,0,0,0,0}')).score AS decline,
       (btwin.epic5_burnout(loads => '{61}', load_days => '{2024-01-01}')).score AS load_and_recovery,
       (btwin.epic5_burnout(loads => '{61,30,30,30}', load_days => '{2024-01-01,2024-01-01,2024-01-01,2024-01-01}')).score AS load,
       (btwin.epic5_burnout(mission_statuses => pg_catalog.array_fill('SKIPPED'::text, '{10}'), difficulty_ratings => pg_catalog.array_fill(3, '{10}'))).score AS irregularity_and_engagement,
       (btwin.epic5_burnout(mission_statuses => '{SKIPPED,SKIPPED,SKIPPED,SKIPPED}', difficulty_ratings => '{3,3,3,3}')).score AS engagement;
SELECT round(sum(contribution)::numeric, 9) AS sum, round(sum(weight)::numeric, 9) AS weights, sum(percentage) AS percentages FROM btwin.epic5_burnout_factors(
    '{600,600}', '{1,1,1,0.7,0.7,0.7,0.7}', '{61,50,50}', '{2024-01-01,2024-01-02,2024-01-03}', '{SKIPPED,COMPLETED,COMPLETED,COMPLETED,COMPLETED,COMPLETED,COMPLETED}', '{1,NULL,3,3,3,3,3}');
-- by hand: h = 10: 25 * 0.2 = 5; decline 0.3: 75 * 0.25 = 18.75; 1/3: 50 * 0.25 = 12.5; 1/14: 25 * 0.15 = 3.75; 2/7: 50 * 0.1 = 5; no low load: 100 * 0.05 = 5
SELECT factor, round(value::numeric, 6) AS value, score, contribution, severity FROM btwin.epic5_burnout_factors(
    '{600,600}', '{1,1,1,0.7,0.7,0.7,0.7}', '{61,50,50}', '{2024-01-01,2024-01-02,2024-01-03}', '{SKIPPED,COMPLETED,COMPLETED,COMPLETED,COMPLETED,COMPLETED,COMPLETED}', '{1,NULL,3,3,3,3,3}');

\echo == levels and confidence
SELECT s, btwin.epic5_burnout_level(s) FROM pg_catalog.unnest('{0,24.999999,25,49.999999,50,74.999999,75,100}'::float8[]) s;
-- 10 | 9, 5 | 4 sessions; 20 | 19, 10 | 9 rows: 0.7, 0.7 * 0.5, 0.8, 0.8 * 0.6
SELECT sessions, load_rows, round(btwin.epic5_burnout_confidence(sessions, load_rows)::numeric, 12) AS confidence
FROM (VALUES (10, 20), (9, 20), (5, 20), (4, 20), (10, 19), (10, 10), (10, 9), (0, 0)) v(sessions, load_rows);

\echo == signals
CREATE FUNCTION public.signals(loads float8[] DEFAULT '{}', retention float8[] DEFAULT '{}', statuses text[] DEFAULT pg_catalog.array_fill('COMPLETED'::text, '{14}'), step interval DEFAULT '1 day')
RETURNS TABLE (type text, severity text, value numeric, first_detected_at timestamptz) LANGUAGE sql AS $$
    -- rows one step apart, the last one at as_of
    SELECT s.type, s.severity, round(s.value::numeric, 6), s.first_detected_at
    FROM btwin.epic5_burnout_signals(
        loads, COALESCE((SELECT pg_catalog.array_agg('2024-02-01 12:00+00'::timestamptz - (pg_catalog.cardinality(loads) - g) * step ORDER BY g) FROM pg_catalog.generate_series(1, pg_catalog.cardinality(loads)) g), '{}'),
        retention, COALESCE((SELECT pg_catalog.array_agg('2024-02-01 12:00+00'::timestamptz - (pg_catalog.cardinality(retention) - g) * step ORDER BY g) FROM pg_catalog.generate_series(1, pg_catalog.cardinality(retention)) g), '{}'),
        statuses, COALESCE((SELECT pg_catalog.array_agg('2024-02-01 12:00+00'::timestamptz - (pg_catalog.cardinality(statuses) - g) * step ORDER BY g) FROM pg_catalog.generate_series(1, pg_catalog.cardinality(statuses)) g), '{}'),
        '2024-02-01 12:00+00') s
$$;
SELECT count(*) AS none FROM public.signals();
-- 7 rows above 60 and mean above 60; 6 rows; 7 rows but mean 60 exactly; 10 rows are HIGH; first row above 60
SELECT '7' AS rows, * FROM public.signals('{30,61,61,61,61,61,61,100}'::float8[]) WHERE type = 'CHRONIC_OVERLOAD'
UNION ALL SELECT '6', * FROM public.signals('{100,61,61,61,61,61}') WHERE type = 'CHRONIC_OVERLOAD'
UNION ALL SELECT '6 and a 60', * FROM public.signals('{60,61,61,61,61,61,100}') WHERE type = 'CHRONIC_OVERLOAD'
UNION ALL SELECT 'mean 60', * FROM public.signals('{53,61,61,61,61,61,61,61}') WHERE type = 'CHRONIC_OVERLOAD'
UNION ALL SELECT '9', * FROM public.signals('{61,61,61,61,61,61,61,61,61}') WHERE type = 'CHRONIC_OVERLOAD'
UNION ALL SELECT '10', * FROM public.signals('{61,61,61,61,61,61,61,61,61,61}') WHERE type = 'CHRONIC_OVERLOAD';
-- first 7 against last 7; they overlap below 14 rows: 8 rows, 1 x 4 then 0 x 4: means 4/7 and 3/7: decline 0.25; 7 rows are compared with themselves;
-- 14 rows, exact in binary: 0.625, then 0.5: 0.2 is not above; 0.40625: 0.35 is not HIGH; just above is; date of the 7th last row
SELECT '8 rows' AS rows, * FROM public.signals(retention => '{1,1,1,1,0,0,0,0}') WHERE type = 'PERFORMANCE_DROP'
UNION ALL SELECT '7 rows', * FROM public.signals(retention => '{1,1,1,1,0,0,0}') WHERE type = 'PERFORMANCE_DROP'
UNION ALL SELECT '0.20', * FROM public.signals(retention => '{0.625,0.625,0.625,0.625,0.625,0.625,0.625,0.5,0.5,0.5,0.5,0.5,0.5,0.5}') WHERE type = 'PERFORMANCE_DROP'
UNION ALL SELECT '0.200001', * FROM public.signals(retention => '{1,1,1,1,1,1,1,0.799999,0.799999,0.799999,0.799999,0.799999,0.799999,0.799999}') WHERE type = 'PERFORMANCE_DROP'
UNION ALL SELECT '0.35', * FROM public.signals(retention => '{0.625,0.625,0.625,0.625,0.625,0.625,0.625,0.40625,0.40625,0.40625,0.40625,0.40625,0.40625,0.40625}') WHERE type = 'PERFORMANCE_DROP'
UNION ALL SELECT '0.350001', * FROM public.signals(retention => '{1,1,1,1,1,1,1,0.649999,0.649999,0.649999,0.649999,0.649999,0.649999,0.649999}') WHERE type = 'PERFORMANCE_DROP'
UNION ALL SELECT 'from 0', * FROM public.signals(retention => '{0,0,0,0,0,0,0,1,1,1,1,1,1,1}') WHERE type = 'PERFORMANCE_DROP';
-- skipped and in progress: 3, 5; since the first skipped one, or now
SELECT 2 AS lost, * FROM public.signals(statuses => '{SKIPPED,IN_PROGRESS,COMPLETED,PENDING}') WHERE type = 'ENGAGEMENT_LOSS'
UNION ALL SELECT 3, * FROM public.signals(statuses => '{IN_PROGRESS,SKIPPED,SKIPPED,PENDING}') WHERE type = 'ENGAGEMENT_LOSS'
UNION ALL SELECT 3, * FROM public.signals(statuses => '{SKIPPED,SKIPPED,SKIPPED,PENDING}') WHERE type = 'ENGAGEMENT_LOSS'
UNION ALL SELECT 4, * FROM public.signals(statuses => '{IN_PROGRESS,IN_PROGRESS,IN_PROGRESS,IN_PROGRESS}') WHERE type = 'ENGAGEMENT_LOSS'
UNION ALL SELECT 5, * FROM public.signals(statuses => '{COMPLETED,SKIPPED,SKIPPED,SKIPPED,SKIPPED,SKIPPED}') WHERE type = 'ENGAGEMENT_LOSS';
-- 14 - not skipped: 3 none, 4 and 5 MEDIUM, 6 HIGH; no missions at all: 14; more than 14 missions: below 0
SELECT n, s.* FROM pg_catalog.unnest('{0,8,9,10,11,20}'::int[]) n, LATERAL public.signals(statuses => (SELECT COALESCE(pg_catalog.array_agg('PENDING'::text), '{}') FROM pg_catalog.generate_series(1, n))) s
WHERE s.type = 'IRREGULAR_PATTERN' ORDER BY n;
SELECT count(*) AS skipped_do_not_attend FROM public.signals(statuses => (pg_catalog.array_fill('COMPLETED'::text, '{10}') || '{SKIPPED,SKIPPED}'::text[])) WHERE type = 'IRREGULAR_PATTERN' AND value = 4;
-- rows of the last 7 days, none below 40; the row exactly 7 days old counts (value 8, from 2024-01-25), older ones do not matter
SELECT 'none below' AS case, s.* FROM public.signals('{10,10,50,50,50,50,50,50,50,50}'::float8[]) s WHERE s.type = 'NO_RECOVERY'
UNION ALL SELECT '40', s.* FROM public.signals('{40}') s WHERE s.type = 'NO_RECOVERY'
UNION ALL SELECT 'all recent', s.* FROM public.signals('{50,50,50}') s WHERE s.type = 'NO_RECOVERY'
UNION ALL SELECT '39.9', s.* FROM public.signals('{50,39.9,50}') s WHERE s.type = 'NO_RECOVERY'
UNION ALL SELECT 'old rows only', s.* FROM public.signals('{}') s WHERE s.type = 'NO_RECOVERY';
SELECT count(*) AS old_rows_only FROM btwin.epic5_burnout_signals('{90}', '{2024-01-20 00:00+00}', '{}', '{}', '{}', '{}', '2024-02-01 00:00+00') WHERE type = 'NO_RECOVERY';
-- the order of the table
SELECT pg_catalog.string_agg(type, ', ') FROM public.signals(pg_catalog.array_fill(70.0::float8, '{10}'), '{1,1,1,1,1,1,1,0,0,0,0,0,0,0}', '{SKIPPED,SKIPPED,SKIPPED}');

\echo == plan, recovery, story
SELECT level, p.* FROM pg_catalog.unnest('{LOW,MEDIUM,HIGH,CRITICAL}'::text[]) WITH ORDINALITY l(level, n), LATERAL btwin.epic5_burnout_intervention(level) p ORDER BY n;
-- the two largest above 60; 60 is not above; intensity adds nothing at MEDIUM and HIGH but keeps its place; ties in the order of the factors
SELECT level, s, p.add_ons FROM (VALUES
    (1, 'LOW', '{100,75,60,50,0,0}'::float8[]), (2, 'MEDIUM', '{100,75,70,50,0,0}'), (3, 'HIGH', '{100,75,70,50,0,0}'), (4, 'CRITICAL', '{100,100,100,100,100,100}'),
    (5, 'CRITICAL', '{0,0,75,100,0,0}'), (6, 'LOW', '{0,0,0,0,75,100}'), (7, 'LOW', '{60,60,60.000001,60,60,60}'), (8, 'LOW', '{60,60,60,60,60,60}'), (9, 'LOW', '{0,75,75,0,0,100}')) v(n, level, s),
    LATERAL btwin.epic5_burnout_intervention(level, s) p ORDER BY n;
-- 60 to 24 in 6.99 days: 6 whole days, -36, 36/60, recovered below 25 at LOW; rising: progress 0; from 0: 0; one assessment: zeros; 0.5 to 0.25: a half
SELECT r.* FROM (VALUES
    (1, 60.0, '2024-01-01 00:00+00'::timestamptz, 24.0, '2024-01-07 23:59+00'::timestamptz, 'LOW'),
    (2, 60, '2024-01-01 00:00+00', 25, '2024-01-08 00:00+00', 'LOW'), (3, 60, '2024-01-01 00:00+00', 24, '2024-01-08 00:00+00', 'MEDIUM'),
    (4, 20, '2024-01-01 00:00+00', 40, '2024-01-02 00:00+00', 'MEDIUM'), (5, 0, '2024-01-01 00:00+00', 0, '2024-01-02 00:00+00', 'LOW'),
    (6, NULL, NULL, 10, '2024-01-02 00:00+00', 'LOW'), (7, 0.5, '2024-01-01 00:00+00', 0.25, '2024-01-02 00:00+00', 'LOW')) v(n, b, b_at, c, c_at, level),
    LATERAL btwin.epic5_burnout_recovery(b, b_at, c, c_at, level) r ORDER BY n;
-- 40 h: 20; 100 %: 25; 14 days: 25; 10: 15; 100: 10; 14: 5; half of everything: 50
SELECT btwin.epic5_burnout_story(40, 0, 0, 0, 0, 0) AS hours, btwin.epic5_burnout_story(0, 100, 0, 0, 0, 0) AS decline, btwin.epic5_burnout_story(0, 0, 14, 0, 0, 0) AS load,
       btwin.epic5_burnout_story(0, 0, 0, 10, 0, 0) AS irregular, btwin.epic5_burnout_story(0, 0, 0, 0, 100, 0) AS engagement, btwin.epic5_burnout_story(0, 0, 0, 0, 0, 14) AS rest,
       btwin.epic5_burnout_story(20, 50, 7, 5, 50, 7) AS half, btwin.epic5_burnout_story(80, 100, 14, 10, 100, 14) AS not_clamped;

\echo == the flag of the Python analyzer
SELECT n, btwin.epic5_burnout_flag(trend, load, rested, high, performance) FROM (VALUES
    (1, '{0,0,60.000001,61,61,61,61}'::float8[], 50.0, true, 2, false),   -- five days above 60 and two HIGH factors
    (2, '{0,0,61,61,61,61,61}', 50, true, 1, false),               -- one HIGH factor
    (3, '{61,61,60,61,61,61,61}', 50, true, 2, false),             -- 60 is not above
    (4, '{61,61,61,61}', 50, true, 2, false),                      -- four days
    (5, '{0}', 70.000001, false, 0, false),                             -- above 70 without rest
    (6, '{0}', 70, false, 0, true),                                -- 70 is not above
    (7, '{0}', 70.000001, true, 0, true),                               -- rested, performance among the factors
    (8, '{0}', 70.000001, true, 5, false),
    (9, '{61,61,61,61,61}', 90, false, 2, true)) v(n, trend, load, rested, high, performance) ORDER BY n;

\echo == errors
SELECT public.fault(s) FROM (VALUES
    ($$SELECT btwin.epic5_burnout(session_minutes => '{NaN}')$$),
    ($$SELECT btwin.epic5_burnout(session_minutes => '{-1}')$$),
    ($$SELECT btwin.epic5_burnout(session_minutes => '{1500.1}')$$),
    ($$SELECT btwin.epic5_burnout(session_minutes => NULL)$$),
    ($$SELECT btwin.epic5_burnout(session_minutes => '{{1},{2}}')$$),
    ($$SELECT btwin.epic5_burnout(retention => '{1.1}')$$),
    ($$SELECT btwin.epic5_burnout(retention => '{NULL}')$$),
    ($$SELECT btwin.epic5_burnout(loads => '{101}', load_days => '{2024-01-01}')$$),
    ($$SELECT btwin.epic5_burnout(loads => '{1}')$$),
    ($$SELECT btwin.epic5_burnout(loads => '{1}', load_days => '{NULL}')$$),
    ($$SELECT btwin.epic5_burnout(loads => '{1}', load_days => '{{2024-01-01}}')$$),
    ($$SELECT btwin.epic5_burnout(mission_statuses => '{DONE}', difficulty_ratings => '{1}')$$),
    ($$SELECT btwin.epic5_burnout(mission_statuses => '{SKIPPED}', difficulty_ratings => '{}')$$),
    ($$SELECT btwin.epic5_burnout(mission_statuses => '{SKIPPED}', difficulty_ratings => '{6}')$$),
    ($$SELECT btwin.epic5_burnout(mission_statuses => '{SKIPPED}', difficulty_ratings => '{0}')$$),
    ($$SELECT btwin.epic5_burnout_factors(retention => '{-Infinity}')$$),
    ($$SELECT btwin.epic5_burnout_level(101)$$),
    ($$SELECT btwin.epic5_burnout_confidence(-1, 0)$$),
    ($$SELECT btwin.epic5_burnout_confidence(0, -1)$$),
    ($$SELECT btwin.epic5_burnout_signals('{1}', '{}', '{}', '{}', '{}', '{}', '2024-01-01')$$),
    ($$SELECT btwin.epic5_burnout_signals('{101}', '{2024-01-01}', '{}', '{}', '{}', '{}', '2024-01-01')$$),
    ($$SELECT btwin.epic5_burnout_signals('{}', '{}', '{1.1}', '{2024-01-01}', '{}', '{}', '2024-01-01')$$),
    ($$SELECT btwin.epic5_burnout_signals('{1}', '{infinity}', '{}', '{}', '{}', '{}', '2024-01-01')$$),
    ($$SELECT btwin.epic5_burnout_signals('{}', '{}', '{}', '{}', '{}', '{}', 'infinity')$$),
    ($$SELECT btwin.epic5_burnout_signals('{}', '{}', '{}', '{}', '{}', '{}', NULL)$$),
    ($$SELECT btwin.epic5_burnout_intervention('SEVERE')$$),
    ($$SELECT btwin.epic5_burnout_intervention('LOW', '{1,2}')$$),
    ($$SELECT btwin.epic5_burnout_intervention('LOW', '{101,0,0,0,0,0}')$$),
    ($$SELECT btwin.epic5_burnout_recovery(1, '2024-01-02', 2, '2024-01-01', 'LOW')$$),
    ($$SELECT btwin.epic5_burnout_recovery(101, '2024-01-01', 2, '2024-01-02', 'LOW')$$),
    ($$SELECT btwin.epic5_burnout_recovery(1, '2024-01-01', 101, '2024-01-02', 'LOW')$$),
    ($$SELECT btwin.epic5_burnout_recovery(1, '2024-01-01', 2, '2024-01-02', 'low')$$),
    ($$SELECT btwin.epic5_burnout_story(-1, 0, 0, 0, 0, 0)$$),
    ($$SELECT btwin.epic5_burnout_story(1e308, 1e308, 1e308, 1e308, 1e308, 1e308)$$),
    ($$SELECT btwin.epic5_burnout_flag('{101}', 1, true, 0, false)$$),
    ($$SELECT btwin.epic5_burnout_flag('{1}', 101, true, 0, false)$$),
    ($$SELECT btwin.epic5_burnout_flag('{1}', 1, true, -1, false)$$)
) v(s);

DROP FUNCTION public.fault, public.signals;
