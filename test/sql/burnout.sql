-- burnout: type, aggregate, accessors, errors
\set VERBOSITY default
SET search_path = '';
SET extra_float_digits = 0;
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

CREATE TABLE public.day (learner int, day date, study_ms float8, load float8, retention float8, planned int, skipped int,
    performance float8, in_progress int, rated_low int);
INSERT INTO public.day VALUES
    (1, '2024-02-28', 3600000, 45.5, 0.75, 2, 1, 0.5, 1, 0),
    (1, '2024-02-29', NULL, 30, NULL, NULL, NULL, NULL, NULL, NULL),
    (1, '2024-02-28', 1800000, 54.5, NULL, 1, 0, NULL, NULL, 1),
    (1, NULL, 1, 1, 1, 1, 1, 1, 1, 1),
    (1, '2024-03-05', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);

\echo == text form: rows of a day add up; rows without a day, or with nothing else, are skipped
SELECT btwin.burnout_agg(day, study_ms, load, retention, planned, skipped, performance, in_progress, rated_low) FROM public.day;
SELECT btwin.burnout_agg(day, study_ms, load, retention, planned, skipped) FROM public.day;
SELECT btwin.burnout_agg(day, study_ms, load, retention, planned, skipped ORDER BY load)::text
     = btwin.burnout_agg(day, study_ms, load, retention, planned, skipped ORDER BY load DESC)::text AS same FROM public.day;
SELECT btwin.burnout_agg(day, study_ms, load, retention, planned, skipped) IS NULL AS no_rows FROM public.day WHERE false;
SELECT btwin.burnout_agg(day, study_ms, load, retention, planned, skipped) AS only_skipped FROM public.day WHERE day IS NULL OR day = '2024-03-05';
SELECT (btwin.burnout_agg(day, study_ms, load, retention, planned, skipped)::jsonb) -> 'days' -> 1 -> 'load' AS load FROM public.day;
-- load: mean of 45.5 and 54.5
SELECT * FROM btwin.days((SELECT btwin.burnout_agg(day, study_ms, load, retention, planned, skipped, performance, in_progress, rated_low) FROM public.day));
SELECT btwin.burnout_agg('0001-01-01', 1, NULL, NULL, NULL, NULL)::jsonb -> 'days' -> 0 -> 'day' AS first,
       btwin.burnout_agg('9999-12-31', 1, NULL, NULL, NULL, NULL)::jsonb -> 'days' -> 0 -> 'day' AS last;

\echo == text and binary round trips are exact
CREATE TABLE public.state (name text, s btwin.burnout);
INSERT INTO public.state VALUES
    ('empty', (SELECT btwin.burnout_agg(NULL, 1, 1, 1, 1, 1))),
    ('small', (SELECT btwin.burnout_agg(day, study_ms, load, retention, planned, skipped, performance, in_progress, rated_low) FROM public.day)),
    ('thirds', (SELECT btwin.burnout_agg(('2024-01-01'::date + g % 40), g * 1000.0 / 3, g % 100 / 3.0, g % 10 / 30.0, g % 7, g % 7 / 2, 1 / (g + 3.0), 0, NULL) FROM pg_catalog.generate_series(1, 1000) g)),
    ('limit', (SELECT btwin.burnout_agg('2024-01-01'::date + (g * 7919) % 4000, g, NULL, NULL, NULL, NULL) FROM pg_catalog.generate_series(1, 4000) g)),
    ('ends', (SELECT btwin.burnout_agg(d, 9e7, 100, 1, 1000, 1000, 0, 0, 0) FROM pg_catalog.unnest('{0001-01-01,9999-12-31,2000-02-29,1900-02-28}'::date[]) d));
SELECT name, s::text::btwin.burnout::text = s::text AS text_exact,
       btwin.burnout_send(s::text::btwin.burnout) = btwin.burnout_send(s) AS bytes_exact, pg_catalog.length(btwin.burnout_send(s)) AS bytes
FROM public.state ORDER BY name;
\copy public.state TO 'burnout_copy.bin' (FORMAT binary)
CREATE TABLE public.state_back (LIKE public.state);
\copy public.state_back FROM 'burnout_copy.bin' (FORMAT binary)
\! rm -f burnout_copy.bin
SELECT count(*) = 5 AND bool_and(a.s::text = b.s::text) AS copied FROM public.state a JOIN public.state_back b USING (name);

\echo == malformed text
SELECT public.fault(pg_catalog.format('SELECT %L::btwin.burnout', t)) FROM (VALUES
    (''),
    ('{"family": "bandit", "version": 1, "days": []}'),
    ('{"family": "burnout", "version": 0, "days": []}'),
    ('{"family": "burnout", "version": 2, "days": []}'),
    ('{"family": "burnout", "version": 1}'),
    ('{"family": "burnout", "version": 1, "days": []'),
    ('{"family": "burnout", "version": 1, "days": []} x'),
    ('{"family": "burnout", "version": 1, "days": [{}]}')) v(t);
-- one day with one thing wrong at a time
CREATE FUNCTION public.day_text(d text DEFAULT '"2024-01-01"', study text DEFAULT '[1, 1000]', load text DEFAULT '[1, 50]', planned text DEFAULT '[1, 2]') RETURNS text
LANGUAGE sql AS $$ SELECT '{"day": ' || d || ', "study_ms": ' || study || ', "load": ' || load || ', "retention": [0, 0], "planned": ' || planned
    || ', "skipped": [0, 0], "performance": [0, 0], "in_progress": [0, 0], "rated_low": [0, 0], "untimed": [0, 0]}' $$;
CREATE FUNCTION public.state_text(days text) RETURNS text
LANGUAGE sql AS $$ SELECT '{"family": "burnout", "version": 1, "days": [' || days || ']}' $$;
SELECT public.state_text(public.day_text())::btwin.burnout IS NOT NULL AS well_formed;
SELECT public.fault(pg_catalog.format('SELECT %L::btwin.burnout', public.state_text(t))) FROM (VALUES
    (public.day_text(d => '"2024-1-01"')),
    (public.day_text(d => '"2024-02-30"')),
    (public.day_text(d => '"2023-02-29"')),
    (public.day_text(d => '"0000-01-01"')),
    (public.day_text(d => '"2024-13-01"')),
    (public.day_text(d => '"2024/01/01"')),
    (public.day_text(d => '8766')),
    (public.day_text(study => '[1]')),
    (public.day_text(study => '[]')),
    (public.day_text(study => '[1, 2, 3]')),
    (public.day_text(study => '[0, 5]')),
    (public.day_text(study => '[-1, 0]')),
    (public.day_text(study => '[1, -1]')),
    (public.day_text(study => '[1, 90000001]')),
    (public.day_text(study => '[1, 1e999]')),
    (public.day_text(study => '[2147483648, 1]')),
    (public.day_text(load => '[2, 200.1]')),
    (public.day_text(planned => '[1, 0.5]')),
    (public.day_text(planned => '[1, 1001]')),
    (public.day_text(study => '[0, 0]', load => '[0, 0]', planned => '[0, 0]')),
    (public.day_text() || ', ' || public.day_text()),
    (public.day_text() || ', ' || public.day_text(d => '"2023-12-31"'))) v(t);
SELECT public.fault(pg_catalog.format('SELECT %L::btwin.burnout', public.state_text((SELECT string_agg(public.day_text(d => '"' || ('2000-01-01'::date + g) || '"'), ', ') FROM pg_catalog.generate_series(1, 4001) g))));

\echo == malformed bytes: whatever text refuses, and more
-- the binary form of bytea is its bytes: a file of bytea, read back as states
CREATE TABLE public.received (s btwin.burnout);
CREATE FUNCTION public.recv(bytes bytea) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    path text := pg_catalog.current_setting('data_directory') || '/burnout_recv.bin';
BEGIN
    EXECUTE pg_catalog.format('COPY (SELECT %L::bytea) TO %L (FORMAT binary)', bytes, path);
    RETURN public.fault(pg_catalog.format('COPY public.received FROM %L (FORMAT binary)', path));
END $$;
-- family, version, reserved (2), count (4); day (4) 2024-01-01 = 8766 = 0x223e, mask (2) 2: load, rows (4) 1, sum (8) 50.0
SELECT pg_catalog.encode(btwin.burnout_send(btwin.burnout_agg('2024-01-01', NULL, 50, NULL, NULL, NULL)), 'hex') AS bytes;
SELECT name, public.recv(('\x' || header || count || day)::bytea) FROM (VALUES
    (1, 'well formed', '05010000', '00000001', '0000223e0002000000014049000000000000'),
    (2, 'family', '06010000', '00000001', '0000223e0002000000014049000000000000'),
    (3, 'version 0', '05000000', '00000001', '0000223e0002000000014049000000000000'),
    (4, 'version 2', '05020000', '00000001', '0000223e0002000000014049000000000000'),
    (5, 'reserved', '05010100', '00000001', '0000223e0002000000014049000000000000'),
    (6, 'reserved', '05010001', '00000001', '0000223e0002000000014049000000000000'),
    (7, 'count -1', '05010000', 'ffffffff', '0000223e0002000000014049000000000000'),
    (8, 'count 4001', '05010000', '00000fa1', '0000223e0002000000014049000000000000'),
    (9, 'count 2', '05010000', '00000002', '0000223e0002000000014049000000000000'),
    (10, 'count 2^31 - 1', '05010000', '7fffffff', '0000223e0002000000014049000000000000'),
    (11, 'a byte too many', '05010000', '00000001', '0000223e000200000001404900000000000000'),
    (12, 'day 10000-01-01', '05010000', '00000001', '002c95e40002000000014049000000000000'),
    (13, 'infinite day', '05010000', '00000001', '7fffffff0002000000014049000000000000'),
    (14, 'mask 0', '05010000', '00000001', '0000223e0000000000014049000000000000'),
    (24, 'mask of a tenth quantity', '05010000', '00000001', '0000223e0202000000014049000000000000'),
    (15, 'no rows', '05010000', '00000001', '0000223e0002000000004049000000000000'),
    (16, 'negative rows', '05010000', '00000001', '0000223e0002ffffffff4049000000000000'),
    (17, 'NaN', '05010000', '00000001', '0000223e0002000000017ff8000000000000'),
    (18, 'infinity', '05010000', '00000001', '0000223e0002000000017ff0000000000000'),
    (19, 'negative sum', '05010000', '00000001', '0000223e000200000001c049000000000000'),
    (20, 'load 101', '05010000', '00000001', '0000223e0002000000014059400000000000'),
    (21, 'half a mission', '05010000', '00000001', '0000223e0008000000013fe0000000000000'),
    (22, 'days twice', '05010000', '00000002', '0000223e00020000000140490000000000000000223e0002000000014049000000000000'),
    (23, 'days descending', '05010000', '00000002', '0000223e00020000000140490000000000000000223d0002000000014049000000000000')) v(number, name, header, count, day)
ORDER BY number;
SELECT count(*) = 26 AND bool_and(public.recv(pg_catalog.substr(b, 1, g)) LIKE '22P03: %') AS every_truncation_refused
FROM (SELECT '\x05010000000000010000223e0002000000014049000000000000'::bytea AS b) x, pg_catalog.generate_series(0, 25) g;
COPY (SELECT 1) TO PROGRAM 'rm -f burnout_recv.bin';
DROP FUNCTION public.recv;
DROP TABLE public.received;

\echo == accessors on states without evidence
SELECT name, r.* FROM public.state, btwin.risk(s, '2024-02-28') r WHERE name IN ('empty', 'ends') ORDER BY name;
SELECT btwin.risk_score(s, '2024-02-28') IS NULL AS score, btwin.risk_level(s, '2024-02-28') IS NULL AS level, btwin.confidence(s, '2024-02-28') IS NULL AS confidence,
       (SELECT count(*) FROM btwin.factors(s, '2024-02-28')) AS factors, (SELECT count(*) FROM btwin.contributions(s, '2024-02-28')) AS contributions,
       (SELECT count(*) FROM btwin.signals(s, '2024-02-28')) AS signals, (SELECT count(*) FROM btwin.days(s)) AS days,
       (SELECT count(*) FROM btwin.risk_by_day(s, '2024-02-28', '2024-03-01')) AS by_day
FROM public.state WHERE name = 'empty';
-- day 0 of the server's calendar in an empty state
SELECT btwin.burnout_agg('2000-01-01', NULL, 60, NULL, NULL, NULL)::jsonb -> 'days' -> 0 -> 'day' AS day_zero;
-- a plan without what became of it says nothing, nor does the other way round
SELECT btwin.risk_score((SELECT btwin.burnout_agg('2024-01-01'::date + g, 3600000, 30, 0.8, planned, skipped) FROM pg_catalog.generate_series(0, 69) g), '2024-03-10')
     = btwin.risk_score((SELECT btwin.burnout_agg('2024-01-01'::date + g, 3600000, 30, 0.8, NULL, NULL) FROM pg_catalog.generate_series(0, 69) g), '2024-03-10') AS half_a_plan
FROM (VALUES (5, NULL::int), (NULL, 5)) v(planned, skipped);
SELECT btwin.risk_score(NULL::btwin.burnout, '2024-01-01') IS NULL AS null_state, btwin.risk_score(s, NULL) IS NULL AS null_day FROM public.state WHERE name = 'small';
-- the day before the first: no rows; the day itself: evidence of one day; 14 days later: the window has moved on
SELECT as_of, r.evidence_days, r.reason FROM public.state, pg_catalog.unnest('{2024-02-27,2024-02-28,2024-02-29,2024-03-12,2024-03-13,2024-03-14}'::date[]) as_of, btwin.risk(s, as_of) r
WHERE name = 'small' ORDER BY as_of;
-- retention without a baseline is no decline yet, and rest alone says too little for a score
SELECT r.* FROM btwin.risk((SELECT btwin.burnout_agg('2024-01-01', NULL, NULL, 0.5, NULL, NULL)), '2024-01-01') r;

\echo == load on one day: every step by hand
-- No earlier day: normal 40. Load 60: within 40 +- 20. Variance (5 * 144 + 0) / (5 + 1) = 120,
-- se2 = 120 * (1 + 1 / (0 + 2)) = 180, reliability 225 / (225 + 180) = 5/9, shift 20 * 5/9 = 11.1111,
-- u = 11.1111 / 16 = 0.694444, score 100 (3u^2 - 2u^3) = 77.6963.
-- Rest: none of one known day: 100 * 1/7 = 14.2857, reliability 1/7.
-- Known weight 0.25 + 0.05: weights times 1.7: 0.425 * 77.6963 + 0.085 * 14.2857 = 34.2352.
-- Confidence 0.25 * 5/9 + 0.05 / 7 = 0.146032. Interval of the load: shift +- 1.96 * 15 * sqrt(4/9) = 19.6:
-- 30.71 gives 100, -8.49 gives 0. Unknown factors reach up: intensity 1.96 * 0.3 = 0.588: u = 0.646642, 71.3656;
-- decline 0.0588 / 0.1: 0.587989, 63.0617; skips 0.294 / 0.25: 100; engagement 0.5 * 0.84 -> parts
-- 0.293995 / 0.35: 93.12 and 0.587989: u = 0.697128, 78.0372, each half: sqrt(46.56^2 + 39.02^2) = 60.75; rest up 85.7143.
-- high = 34.2352 + sqrt((0.425 * 22.3037)^2 + (0.2 * 71.3656)^2 + (0.25 * 63.0617)^2 + (0.15 * 100)^2 + (0.1 * 60.75)^2 + (0.085 * 85.7143)^2)
--      = 34.2352 + 29.2767; low = 34.2352 - sqrt((0.425 * 77.6963)^2 + (0.085 * 14.2857)^2) = 1.1920 (the six days unknown may have been rest)
-- level: 34 would be MEDIUM, but one day of evidence is not three
SELECT round(score::numeric, 4) AS score, round(low::numeric, 4) AS low, round(high::numeric, 4) AS high, level, round(confidence::numeric, 6) AS confidence, evidence_days
FROM btwin.risk((SELECT btwin.burnout_agg('2024-01-01', NULL, 60, NULL, NULL, NULL)), '2024-01-01');
SELECT factor, value, normal, round(score::numeric, 4) AS score, round(low::numeric, 4) AS low, round(high::numeric, 4) AS high, round(weight::numeric, 6) AS weight,
       round(contribution::numeric, 4) AS contribution, severity, round(confidence::numeric, 6) AS confidence
FROM btwin.factors((SELECT btwin.burnout_agg('2024-01-01', NULL, 60, NULL, NULL, NULL)), '2024-01-01');
SELECT factor, round(value::numeric, 4) AS value, round(weight::numeric, 6) AS weight, round(contribution::numeric, 4) AS contribution
FROM btwin.contributions((SELECT btwin.burnout_agg('2024-01-01', NULL, 60, NULL, NULL, NULL)), '2024-01-01');
-- three rows of one day weigh 2 * 3 / (3 + 1) = 1.5 days: variance 720 / 6.5 = 110.769,
-- se2 = 110.769 * (1 / 1.5 + 1 / 2) = 129.231, reliability 225 / 354.231 = 0.635179
SELECT round(confidence::numeric, 6) AS three_rows FROM btwin.factors((SELECT btwin.burnout_agg('2024-01-01', NULL, l, NULL, NULL, NULL) FROM pg_catalog.unnest('{50,60,70}'::float8[]) l), '2024-01-01')
WHERE factor = 'Chronic Cognitive Load';

-- evidence fades: 7 and 13 days later its effective number of days is 1 - (7/14)^2 = 0.75 and 1 - (13/14)^2 = 0.137755:
-- se2 = 120 * (1 / 0.75 + 1/2) = 220, reliability 225 / 445 = 0.505618; se2 = 120 * 7.759259 = 931.1111, 0.194618
SELECT as_of, round(f.confidence::numeric, 6) AS confidence
FROM pg_catalog.unnest('{2024-01-08,2024-01-14}'::date[]) as_of, LATERAL btwin.factors((SELECT btwin.burnout_agg('2024-01-01', NULL, 60, NULL, NULL, NULL)), as_of) f
WHERE f.factor = 'Chronic Cognitive Load' ORDER BY as_of;
-- a learner of 70 days: 56 at "before", 14 at "after"
CREATE FUNCTION public.change(before public.day, after public.day) RETURNS btwin.burnout LANGUAGE sql AS $$
    SELECT btwin.burnout_agg('2024-01-01'::date + g, (r).study_ms, (r).load, (r).retention, (r).planned, (r).skipped, (r).performance, (r).in_progress, (r).rated_low)
    FROM pg_catalog.generate_series(0, 69) g, LATERAL (SELECT CASE WHEN g < 56 THEN before ELSE after END AS r) x
$$;
CREATE FUNCTION public.r(study_ms float8 DEFAULT NULL, load float8 DEFAULT NULL, retention float8 DEFAULT NULL, planned int DEFAULT NULL, skipped int DEFAULT NULL,
    performance float8 DEFAULT NULL, in_progress int DEFAULT NULL, rated_low int DEFAULT NULL) RETURNS public.day LANGUAGE sql AS $$
    SELECT ROW(1, NULL, study_ms, load, retention, planned, skipped, performance, in_progress, rated_low)::public.day
$$;
-- recency sums over 14 days: half-life 3: k = 2^(-1/3): sum (1 - k^14) / (1 - k) = 4.655733, of squares 2.698016, 2.698016 / 4.655733^2 = 0.124471;
-- half-life 5: 6.615836, 4.044680, 0.092410
\echo == each factor against a baseline of its own
-- load 40 then 48: normal (2 * 40 + 56 * 40) / 58 = 40, variance 720 / 75 = 9.6, se2 = 9.6 * (0.124471 + 1/58) = 1.360439,
-- reliability 225 / 226.360439 = 0.993990, shift 7.951920, u = 0.496995, score 49.5493
SELECT round(value::numeric, 6) AS value, round(normal::numeric, 6) AS normal, round(score::numeric, 4) AS score, round(confidence::numeric, 6) AS confidence
FROM btwin.factors(public.change(public.r(load => 40), public.r(load => 48)), '2024-03-10') WHERE factor = 'Chronic Cognitive Load';
-- a chronic load is no normal: 85 all along; normal is capped at 50, the days count for 70: shift 20 * 0.99399 = 19.88 is beyond 16
SELECT round(value::numeric, 6) AS value, round(normal::numeric, 6) AS normal, score
FROM btwin.factors(public.change(public.r(load => 85), public.r(load => 85)), '2024-03-10') WHERE factor = 'Chronic Cognitive Load';
-- one hour a day, then two: normal exp((3 ln(20/7) + 56 ln 1) / 59) = 1.054831 h, cv2 = (10 * 1.8 + 0) / (10 + 70) = 0.225,
-- se2 = 0.225 * (0.092410 + 1/59) = 0.024606, reliability 0.09 / 0.114606 = 0.785300,
-- shift 0.785300 * (2 / 1.054831 - 1) = 0.703660, u = (0.703660 - 0.2) / 0.6 = 0.839433, score 93.0932; hours a week: 14 and 7.383817
SELECT round(value::numeric, 6) AS value, round(normal::numeric, 6) AS normal, round(score::numeric, 3) AS score, round(confidence::numeric, 5) AS confidence
FROM btwin.factors(public.change(public.r(3600000), public.r(7200000)), '2024-03-10') WHERE factor = 'Study Intensity';
-- and half an hour instead: shift 0.785300 * (0.5 / 1.054831 - 1) = -0.413062, drop u = 0.313062 / 0.7 = 0.447232, step 0.421136;
-- without missions the half weighs 0.5 * 1.5: score 31.585; share given up 1 - 0.5 / 1.054831 = 0.525990
SELECT round(value::numeric, 6) AS value, normal, round(score::numeric, 3) AS score, round(confidence::numeric, 5) AS confidence
FROM btwin.factors(public.change(public.r(3600000), public.r(1800000)), '2024-03-10') WHERE factor = 'Engagement Decay';
-- and none at all: shift -0.785300, drop u = 0.6853 / 0.7 = 0.979, step 0.998696, score 75 * 0.998696 = 74.902; and two hours: nothing is given up
SELECT ms, round(value::numeric, 6) AS value, round(score::numeric, 3) AS score
FROM pg_catalog.unnest('{0,7200000}'::float8[]) ms, LATERAL btwin.factors(public.change(public.r(3600000), public.r(ms)), '2024-03-10') WHERE factor = 'Engagement Decay' ORDER BY ms;
-- no hours are known hours where something else shows study: 0 hours a week
SELECT value FROM btwin.factors(public.change(public.r(3600000, 40), public.r(0, 40)), '2024-03-10') WHERE factor = 'Study Intensity';
-- a tiny baseline is floored at one hour a week, and a day counts for at most five times normal: 1 minute a day, then 20 hours:
-- own 1/7, normal exp((3 ln(20/7) + 56 ln(1/7)) / 59) = 0.166364 h, value 0.831821 h = 5.822745 a week
SELECT round(value::numeric, 5) AS value, round(normal::numeric, 5) AS normal FROM btwin.factors(public.change(public.r(60000), public.r(7.2e7)), '2024-03-10') WHERE factor = 'Study Intensity';
-- one hour a day, and 8 hours on the last three: each counts 5 * 1.054831 = 5.274156: mean 1 + 4.274156 * (1 + 0.870551 + 0.757858) / 6.615836 = 2.698089,
-- squared deviations of the window 115.5: cv2 = (18 + 115.5 / 1.112669) / 80 = 1.522556, se2 = 0.166505, reliability 0.350871,
-- shift 0.350871 * 1.557841 = 0.546600, u = 0.577667, score 61.5563
SELECT round(value::numeric, 6) AS value, round(normal::numeric, 6) AS normal, round(score::numeric, 4) AS score
FROM btwin.factors((SELECT btwin.burnout_agg('2024-01-01'::date + g, CASE WHEN g < 67 THEN 3600000 ELSE 28800000 END, NULL, NULL, NULL, NULL) FROM pg_catalog.generate_series(0, 69) g), '2024-03-10')
WHERE factor = 'Study Intensity';
-- twelve hours a day for good: normal is capped at 20 hours a week; shift (12 / (20/7) - 1) * reliability, far beyond 0.8
SELECT round(value::numeric, 6) AS value, round(normal::numeric, 6) AS normal, score FROM btwin.factors(public.change(public.r(4.32e7), public.r(4.32e7)), '2024-03-10') WHERE factor = 'Study Intensity';
-- performance 0.8, then 0.74: variance 10 * 0.0289 / 80 = 0.0036125, se2 = 0.0036125 * (0.092410 + 1/56) = 0.000398,
-- reliability 0.0009 / 0.00129834 = 0.693193, shift 0.06 * 0.693193 = 0.041592, u = 0.415916, score 37.5066
SELECT round(value::numeric, 6) AS value, round(normal::numeric, 6) AS normal, round(score::numeric, 3) AS score, round(confidence::numeric, 5) AS confidence
FROM btwin.factors(public.change(public.r(performance => 0.8), public.r(performance => 0.74)), '2024-03-10') WHERE factor = 'Performance Decline';
-- whichever of performance and retention has fallen further counts
SELECT round(value::numeric, 6) AS value, round(normal::numeric, 6) AS normal, round(score::numeric, 3) AS score
FROM btwin.factors(public.change(public.r(performance => 0.5, retention => 0.8), public.r(performance => 0.6, retention => 0.74)), '2024-03-10') WHERE factor = 'Performance Decline';
-- four missions a day, none skipped, then one: normal (20 * 0.1 + 0) / (20 + 224) = 0.008197,
-- se2 = 0.00812966 * (0.092410 / 4 + 1/244) = 0.000221133, reliability 0.0225 / 0.022721133 = 0.990268,
-- shift 0.990268 * 0.241803 = 0.239450, u = 0.957800, score 99.4807
SELECT round(value::numeric, 6) AS value, round(normal::numeric, 6) AS normal, round(score::numeric, 3) AS score, round(confidence::numeric, 5) AS confidence
FROM btwin.factors(public.change(public.r(planned => 4, skipped => 0), public.r(planned => 4, skipped => 1)), '2024-03-10') WHERE factor = 'Schedule Irregularity';
-- a hundred missions a day, none skipped: (20 * 0.1) / (20 + 5600) = 0.000356
SELECT round(normal::numeric, 6) AS normal FROM btwin.factors(public.change(public.r(planned => 100, skipped => 0), public.r(planned => 100, skipped => 0)), '2024-03-10') WHERE factor = 'Schedule Irregularity';
-- chronic skipping is no normal: capped at 0.20 and 0.25
SELECT factor, round(value::numeric, 6) AS value, round(normal::numeric, 6) AS normal, round(score::numeric, 3) AS score
FROM btwin.factors(public.change(public.r(planned => 2, skipped => 1), public.r(planned => 2, skipped => 1)), '2024-03-10') WHERE factor IN ('Schedule Irregularity', 'Engagement Decay');
-- skipped, rated low and left open: 3 of 4; normal (20 * 0.15) / 244 = 0.012295; on the day itself an open mission is not late: 2 of 4,
-- value 0.75 - 0.25 / 6.615836 = 0.712212
SELECT round(value::numeric, 6) AS value, round(normal::numeric, 6) AS normal
FROM btwin.factors(public.change(public.r(planned => 4, skipped => 0), public.r(planned => 4, skipped => 1, in_progress => 1, rated_low => 1)), '2024-03-10') WHERE factor = 'Engagement Decay';
-- two skipped and two rated low of two planned: no more than all of them
SELECT value FROM btwin.factors(public.change(public.r(planned => 2, skipped => 0), public.r(planned => 2, skipped => 2, rated_low => 2)), '2024-03-10') WHERE factor = 'Engagement Decay';
-- no missions is unknown, not irregular; planned rest days (nothing planned) change nothing
SELECT factor, score IS NULL AS unknown, weight, contribution FROM btwin.factors(public.change(public.r(load => 40), public.r(load => 40)), '2024-03-10') WHERE factor = 'Schedule Irregularity';
SELECT score IS NULL AS unknown_skips FROM btwin.factors(public.change(public.r(load => 40, planned => 2), public.r(load => 40, planned => 2)), '2024-03-10') WHERE factor = 'Schedule Irregularity';
SELECT count(*) AS scores, count(DISTINCT round(score::numeric, 9)) AS different
FROM (SELECT score FROM pg_catalog.unnest('{1,2}'::int[]) n,
      LATERAL btwin.factors((SELECT btwin.rollup(s) FROM (SELECT public.change(public.r(planned => 1, skipped => 0), public.r(planned => 1, skipped => 1)) AS s, 1 AS k
          UNION ALL SELECT public.change(public.r(planned => 0, skipped => 0), public.r(planned => 0, skipped => 0)), 2) x WHERE k <= n), '2024-03-10') f WHERE f.factor = 'Schedule Irregularity') y;

\echo == sessions of unknown length: studied, and left out of the hours
-- five such days and two without rows in the last week: 2 days of rest, score step(1/3) = 0.259259, nothing uncertain about rest but
-- the five days' load: reliability 2/7; no hours, so no intensity. Only rest is known of it all: no score, so a load of 40 is added long before.
SELECT factor, value, round(score::numeric, 4) AS score, round(confidence::numeric, 6) AS confidence
FROM btwin.factors((SELECT btwin.burnout_agg('2024-01-01'::date + g, NULL, CASE WHEN g = 0 THEN 40 END, NULL, NULL, NULL, NULL, NULL, NULL, CASE WHEN g > 0 THEN 1 END)
                    FROM pg_catalog.generate_series(0, 13) g WHERE g NOT IN (8, 9)), '2024-01-14') WHERE factor IN ('Study Intensity', 'Recovery Deficit');
-- the same days as days of rest: a count of 0 says that there was no such session
SELECT value FROM btwin.factors((SELECT btwin.burnout_agg('2024-01-01'::date + g, NULL, CASE WHEN g = 0 THEN 40 END, NULL, NULL, NULL, NULL, NULL, NULL, CASE WHEN g > 0 THEN 0 END)
                    FROM pg_catalog.generate_series(0, 13) g WHERE g NOT IN (8, 9)), '2024-01-14') WHERE factor = 'Recovery Deficit';
-- one hour on even days, and on odd ones no length but a session without one: the odd days are left out, 7 h a week. Without that session they are
-- days without study: 1 h on the days of age 1, 3, ... 13, whose share of the weights is k / (1 + k) with k = 2^(-1/5): 7 * 0.465398 = 3.257786
SELECT u, round(value::numeric, 6) AS value
FROM pg_catalog.unnest('{1,0}'::int[]) u, LATERAL btwin.factors((SELECT btwin.burnout_agg('2024-01-01'::date + g, 3600000 * (1 - g % 2), NULL, NULL, NULL, NULL, NULL, NULL, NULL, u * (g % 2))
    FROM pg_catalog.generate_series(0, 69) g), '2024-03-10') WHERE factor = 'Study Intensity' ORDER BY u DESC;
-- a session without a length beside an hour that is timed changes nothing about hours
SELECT count(*) AS factors, bool_and(a IS NOT DISTINCT FROM b) AS same
FROM btwin.factors((SELECT btwin.burnout_agg('2024-01-01'::date + g, 3600000, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1) FROM pg_catalog.generate_series(0, 69) g), '2024-03-10') a
JOIN btwin.factors((SELECT btwin.burnout_agg('2024-01-01'::date + g, 3600000, NULL, NULL, NULL, NULL) FROM pg_catalog.generate_series(0, 69) g), '2024-03-10') b USING (factor);
-- not even beside twenty seconds: 7 / 180 hours a week
SELECT round(value::numeric, 6) AS value FROM btwin.factors((SELECT btwin.burnout_agg('2024-01-01'::date + g, 20000, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1) FROM pg_catalog.generate_series(0, 69) g), '2024-03-10') WHERE factor = 'Study Intensity';
-- untimed counts are no part of the missions: more of them than planned is fine; they add up, from 0 to 1000 a row
SELECT day, planned, skipped, untimed FROM btwin.days((SELECT btwin.burnout_agg('2024-01-01', NULL, NULL, NULL, 1, 0, NULL, NULL, NULL, u) FROM pg_catalog.unnest('{2,1000,NULL}'::int[]) u));
SELECT public.fault(pg_catalog.format('SELECT btwin.burnout_agg(%L, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, %s)', '2024-01-01', u)) FROM pg_catalog.unnest('{-1,1001}'::int[]) u;

\echo == recovery means rest: a day without study, or of little load
-- studies daily at load 60: no rest in seven days: 100; load 40 is half a day of rest, seven of them 3.5: 0; load 20 is no more than a day
SELECT l, value, normal, round(score::numeric, 4) AS score, confidence
FROM pg_catalog.unnest('{60,50,45,40,30,20}'::float8[]) l, LATERAL btwin.factors(public.change(public.r(load => l), public.r(load => l)), '2024-03-10') WHERE factor = 'Recovery Deficit' ORDER BY l DESC;
-- twenty seconds a day are study all the same
SELECT value, score FROM btwin.factors(public.change(public.r(20000), public.r(20000)), '2024-03-10') WHERE factor = 'Recovery Deficit';
-- study of unknown load is no rest, and not certain; one free day: step(2/3) = 0.740741
SELECT value, round(score::numeric, 4) AS score, round(confidence::numeric, 6) AS confidence
FROM btwin.factors((SELECT btwin.burnout_agg('2024-01-01'::date + g, 3600000, NULL, NULL, NULL, NULL) FROM pg_catalog.generate_series(0, 69) g WHERE g <> 66), '2024-03-10') WHERE factor = 'Recovery Deficit';

\echo == unknown factors: weights times 2 - K, and a wider interval
-- K = 0.25 (load) + 0.05 (rest) = 0.3; with missions 0.15 + 0.10 more: K = 0.55
SELECT k, round(sum(weight)::numeric, 6) AS weights, round((k * (2 - k))::numeric, 6) AS expected
FROM (VALUES (0.3, public.r(load => 40)), (0.55, public.r(load => 40, planned => 1, skipped => 0)), (0.6, public.r(study_ms => 1e6, retention => 0.5)), (1.0, public.r(1e6, 40, 0.5, 1, 0))) v(k, r),
     LATERAL btwin.factors(public.change(r, r), '2024-03-10') GROUP BY k ORDER BY k;
SELECT round((one.score - all_.score)::numeric, 3) AS score, one.confidence < all_.confidence AS less_sure, one.high > all_.high AS wider
FROM btwin.risk(public.change(public.r(load => 40), public.r(load => 44)), '2024-03-10') one,
     btwin.risk(public.change(public.r(1e6, 40, 0.5, 1, 0), public.r(1e6, 44, 0.5, 1, 0)), '2024-03-10') all_;
-- little evidence lowers the score, widens the interval, and caps the level: 3 days for MEDIUM, 5 for HIGH, 7 for CRITICAL
SELECT n, round(r.score::numeric, 2) AS score, r.level, round((r.high - r.low)::numeric, 1) AS width, round(r.confidence::numeric, 3) AS confidence, r.evidence_days
FROM pg_catalog.unnest('{1,2,3,4,5,6,7,14}'::int[]) n, LATERAL btwin.risk((SELECT btwin.burnout_agg('2024-03-10'::date - g, 4e7, 75, NULL, 4, 4) FROM pg_catalog.generate_series(0, n - 1) g), '2024-03-10') r ORDER BY n;

\echo == the future is not used, and neither is what lies more than 125 days back
WITH late AS (SELECT btwin.burnout_agg('2024-03-10'::date - g, 3600000 * abs(g % 3), 40 + g % 11, abs(g % 5) / 5.0, 2, (g % 4 = 0)::int) AS s FROM pg_catalog.generate_series(-30, 124) g),
     cut AS (SELECT btwin.burnout_agg('2024-03-10'::date - g, 3600000 * (g % 3), 40 + g % 11, g % 5 / 5.0, 2, (g % 4 = 0)::int) AS s FROM pg_catalog.generate_series(0, 124) g),
     long AS (SELECT btwin.rollup(s) AS s FROM (SELECT s FROM cut UNION ALL SELECT btwin.burnout_agg('2023-10-01'::date + g, 5e7, 99, 0, 9, 9) FROM pg_catalog.generate_series(0, 35) g) x),
     exact AS (SELECT btwin.rollup(s) AS s FROM (SELECT s FROM cut UNION ALL SELECT btwin.burnout_agg('2023-11-06', 5e7, 99, 0, 9, 9)) x)
SELECT (SELECT r FROM btwin.risk((SELECT s FROM late), '2024-03-10') r)::text = (SELECT r FROM btwin.risk((SELECT s FROM cut), '2024-03-10') r)::text AS no_future,
       '2024-03-10'::date - '2023-11-05'::date AS days_back,
       (SELECT r FROM btwin.risk((SELECT s FROM long), '2024-03-10') r)::text = (SELECT r FROM btwin.risk((SELECT s FROM exact), '2024-03-10') r)::text AS no_deep_past;

\echo == levels: rise at 25, 50, 75, fall 5 below; replayed from the days
CREATE TABLE public.course AS
SELECT btwin.burnout_agg('2024-01-01'::date + g, 3600000 * CASE WHEN g BETWEEN 56 AND 75 THEN 3 ELSE 1 END,
                         CASE WHEN g BETWEEN 56 AND 75 THEN 75 ELSE 35 END, CASE WHEN g BETWEEN 56 AND 75 THEN 0.4 ELSE 0.8 END, 2, CASE WHEN g BETWEEN 56 AND 75 THEN 2 ELSE 0 END) AS s
FROM pg_catalog.generate_series(0, 110) g;
SELECT day, round(score::numeric, 2) AS score, level, CASE WHEN score >= 75 THEN 'CRITICAL' WHEN score >= 50 THEN 'HIGH' WHEN score >= 25 THEN 'MEDIUM' ELSE 'LOW' END AS by_cut
FROM public.course, btwin.risk_by_day(s, '2024-02-24', '2024-04-01');
-- on the way up 21.1 is LOW, on the way down 22.3 is still MEDIUM and 19.9 LOW again
SELECT day, round(score::numeric, 1) AS score, level
FROM btwin.risk_by_day((SELECT btwin.burnout_agg('2024-01-01'::date + g, NULL, CASE WHEN g < 60 THEN 35 WHEN g < 66 THEN 48 ELSE 41.5 - (g - 66) / 10.0 END, NULL, NULL, NULL)
    FROM pg_catalog.generate_series(0, 90) g), '2024-03-02', '2024-03-12');
SELECT bool_and(r.score = one.score AND r.level = one.level AND r.low = one.low AND r.high = one.high AND r.evidence_days = one.evidence_days
                AND one.score = btwin.risk_score(s, r.day) AND one.level = btwin.risk_level(s, r.day) AND one.confidence = btwin.confidence(s, r.day)) AS same_as_risk, count(*) AS days
FROM public.course, btwin.risk_by_day(s, '2023-12-25', '2024-05-10') r, LATERAL btwin.risk(s, r.day) one;
SELECT bool_and(abs(total - btwin.risk_score(s, as_of::date)) < 1e-9) AS contributions_sum, count(*) AS days
FROM public.course, pg_catalog.generate_series('2024-01-01'::timestamp, '2024-04-20', '1 day') as_of,
     LATERAL (SELECT sum(contribution) AS total FROM btwin.contributions(s, as_of::date)) c
WHERE btwin.risk_score(s, as_of::date) IS NOT NULL;

\echo == signals: since when they stand
SELECT as_of, type, severity, round(value::numeric, 4) AS value, first_detected, round(confidence::numeric, 4) AS confidence
FROM public.course, pg_catalog.unnest('{2024-02-25,2024-02-27,2024-03-03,2024-03-20,2024-04-10}'::date[]) as_of, btwin.signals(s, as_of) ORDER BY as_of, type COLLATE "C";
-- load 40 then 51.5 (see above: shift 0.99399 * 11.5 = 11.4309, sd 15 * sqrt(1 - 0.99399) = 1.162859: Phi(1.230490) = 0.890744);
-- 51 gives 10.93389, Phi(0.803098) = 0.789041: below 0.80; 52 gives 11.92788, Phi(1.657883) = 0.951329: HIGH
SELECT l, type, severity, value, first_detected, round(confidence::numeric, 5) AS confidence
FROM pg_catalog.unnest('{51,51.5,52}'::float8[]) l, LATERAL btwin.signals(public.change(public.r(load => 40), public.r(load => l)), '2024-03-10') WHERE type = 'CHRONIC_OVERLOAD' ORDER BY l;
-- a signal that has always stood is told as 56 days old
SELECT type, '2024-04-09'::date - first_detected AS days FROM btwin.signals((SELECT btwin.burnout_agg('2024-01-01'::date + g, NULL, 85, NULL, NULL, NULL) FROM pg_catalog.generate_series(0, 99) g), '2024-04-09') ORDER BY type COLLATE "C";
-- a decline of 0.105 (shift 0.693193 * 0.105 = 0.072785, sd 0.03 * sqrt(0.306807) = 0.016617: Phi(1.371174) = 0.914840)
SELECT type, severity, round(value::numeric, 4) AS value, round(confidence::numeric, 4) AS confidence
FROM btwin.signals(public.change(public.r(performance => 0.8), public.r(performance => 0.695)), '2024-03-10') WHERE type = 'PERFORMANCE_DROP';
-- four missions, one skipped: shift 0.239450, sd 0.15 * sqrt(1 - 0.990268) = 0.014798: far above 0.10
SELECT type, severity, value, round(confidence::numeric, 4) AS confidence
FROM btwin.signals(public.change(public.r(planned => 4, skipped => 0), public.r(planned => 4, skipped => 1)), '2024-03-10') ORDER BY type COLLATE "C";
-- without missions engagement is study time: 1 h, then 12 minutes: shift 0.7853 * (1 - 0.2 / 1.054831) = 0.636404, sd 0.3 * sqrt(0.2147) = 0.139007: Phi(2.779744)
SELECT type, severity, round(value::numeric, 5) AS value, round(confidence::numeric, 4) AS confidence
FROM btwin.signals(public.change(public.r(3600000), public.r(720000)), '2024-03-10') WHERE type = 'ENGAGEMENT_LOSS';
-- no day of rest in seven: HIGH below half a day (48.6: 0.07 a day, 0.49), MEDIUM below one (48.5: 0.525; 48: 0.7), 47: 1.05 none
SELECT l, severity, round(value::numeric, 6) AS value, confidence FROM pg_catalog.unnest('{60,48.6,48.5,48,47}'::float8[]) l,
    LATERAL btwin.signals(public.change(public.r(load => l), public.r(load => l)), '2024-03-10') WHERE type = 'NO_RECOVERY' ORDER BY l DESC;
-- six days are no week
-- one day of load 40 among days of 60: (50 - 40) / 20 = half a day of rest, MEDIUM; 40.1: 0.495, HIGH; 30: a whole day, no signal
SELECT l, severity FROM pg_catalog.unnest('{30,39.9,40,40.1}'::float8[]) l, LATERAL btwin.signals((SELECT btwin.burnout_agg('2024-01-01'::date + g, 3600000, CASE WHEN g = 69 THEN l ELSE 60 END, NULL, NULL, NULL) FROM pg_catalog.generate_series(0, 69) g), '2024-03-10')
WHERE type = 'NO_RECOVERY' ORDER BY l;
SELECT count(*) AS six_days FROM btwin.signals((SELECT btwin.burnout_agg('2024-01-01'::date + g, NULL, 60, NULL, NULL, NULL) FROM pg_catalog.generate_series(0, 5) g), '2024-01-06') WHERE type = 'NO_RECOVERY';

\echo == GROUP BY, FILTER, DISTINCT, window frames, merging
CREATE TABLE public.log AS
SELECT g % 50 AS learner, '2024-01-01'::date + g / 100 AS day, (g % 13) * 250000.0::float8 AS study_ms, (g % 29 + 30)::float8 AS load, NULLIF(g % 11, 0) / 11.0::float8 AS retention,
       g % 4 AS planned, LEAST(g % 4, g % 3) AS skipped, g
FROM pg_catalog.generate_series(0, 19999) g;
SELECT count(*) AS groups, sum(pg_catalog.length(btwin.burnout_send(s))) AS bytes, round(avg(btwin.risk_score(s, '2024-07-01'))::numeric, 6) AS mean_score
FROM (SELECT btwin.burnout_agg(day, study_ms, load, retention, planned, skipped) AS s FROM public.log GROUP BY learner) x;
SELECT count(*) FILTER (WHERE s IS NULL) AS without_rows, count(*) AS groups
FROM (SELECT btwin.burnout_agg(day, study_ms, load, retention, planned, skipped) FILTER (WHERE learner < 10) AS s FROM public.log GROUP BY learner) x;
SELECT (SELECT count(*) FROM btwin.days(btwin.burnout_agg(DISTINCT day, 1, NULL, NULL, NULL, NULL))) AS distinct_days, (SELECT sum(study_ms) FROM btwin.days(btwin.burnout_agg(DISTINCT day, 1, NULL, NULL, NULL, NULL))) AS ms FROM public.log WHERE learner = 1;
-- a moving frame: every prefix of the days gives what the aggregate gives over that prefix
SELECT bool_and(w.s::text = p.s::text) AS window_equals_prefix, count(*) AS rows
FROM (SELECT g, btwin.burnout_agg(day, study_ms, load, retention, planned, skipped) OVER (ORDER BY g) AS s FROM public.log WHERE learner = 7 AND g < 5000) w,
     LATERAL (SELECT btwin.burnout_agg(day, study_ms, load, retention, planned, skipped) AS s FROM public.log l WHERE l.learner = 7 AND l.g <= w.g) p;
SELECT bool_and(w.s::text = p.s::text) AS sliding FROM
    (SELECT g, btwin.burnout_agg(day, study_ms, load, retention, planned, skipped) OVER (ORDER BY g ROWS BETWEEN 9 PRECEDING AND 3 PRECEDING) AS s FROM public.log WHERE learner = 7 AND g < 5000) w,
     LATERAL (SELECT btwin.burnout_agg(day, study_ms, load, retention, planned, skipped) AS s FROM public.log l WHERE l.learner = 7 AND l.g BETWEEN w.g - 450 AND w.g - 150) p
WHERE w.s IS NOT NULL;
SELECT bool_and(btwin.burnout_send(a.s) = btwin.burnout_send(b.s)) AS descending_equal
FROM (SELECT learner, btwin.burnout_agg(day, study_ms, load, NULL, planned, skipped ORDER BY g) AS s FROM public.log GROUP BY learner) a
JOIN (SELECT learner, btwin.burnout_agg(day, study_ms, load, NULL, planned, skipped ORDER BY g DESC) AS s FROM public.log GROUP BY learner) b USING (learner);
SELECT btwin.burnout_send(btwin.rollup(s)) = (SELECT btwin.burnout_send(btwin.burnout_agg(day, study_ms, load, NULL, planned, skipped)) FROM public.log) AS merged
FROM (SELECT btwin.burnout_agg(day, study_ms, load, NULL, planned, skipped) AS s FROM public.log GROUP BY g % 17 UNION ALL SELECT NULL UNION ALL SELECT s FROM public.state WHERE name = 'empty') x;
SELECT btwin.rollup(s) IS NULL AS rollup_no_rows FROM public.state WHERE false;
SELECT btwin.rollup(NULL::btwin.burnout) AS rollup_nulls;

\echo == parallel, partitionwise, serial: the same bytes (sums of whole numbers)
CREATE TABLE public.serial AS SELECT btwin.burnout_agg(day, study_ms, load, NULL, planned, skipped) AS all_rows FROM public.log;
CREATE TABLE public.serial_groups AS SELECT learner, btwin.burnout_agg(day, study_ms, load, NULL, planned, skipped) AS s FROM public.log GROUP BY learner;
CREATE TABLE public.parts (LIKE public.log) PARTITION BY RANGE (learner);
CREATE TABLE public.parts_1 PARTITION OF public.parts FOR VALUES FROM (0) TO (20);
CREATE TABLE public.parts_2 PARTITION OF public.parts FOR VALUES FROM (20) TO (50);
CREATE TABLE public.parts_3 PARTITION OF public.parts FOR VALUES FROM (50) TO (60);
INSERT INTO public.parts SELECT * FROM public.log;
ANALYZE public.log, public.parts;
CREATE FUNCTION public.plan_has(statement text, node text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    line text;
BEGIN
    FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || statement LOOP
        IF pg_catalog.strpos(line, node) > 0 THEN
            RETURN true;
        END IF;
    END LOOP;
    RETURN false;
END $$;
SET min_parallel_table_scan_size = 0;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET max_parallel_workers_per_gather = 3;
SELECT public.plan_has('SELECT btwin.burnout_agg(day, study_ms, load, NULL, planned, skipped) FROM public.log', 'Partial Aggregate') AS partial,
       public.plan_has('SELECT btwin.burnout_agg(day, study_ms, load, NULL, planned, skipped, NULL, NULL, NULL) FROM public.log', 'Partial Aggregate') AS partial_full,
       public.plan_has('SELECT btwin.rollup(s) FROM public.serial_groups', 'Partial Aggregate') AS partial_rollup;
SELECT btwin.burnout_send(btwin.burnout_agg(day, study_ms, load, NULL, planned, skipped)) = (SELECT btwin.burnout_send(all_rows) FROM public.serial) AS parallel_same FROM public.log;
SELECT btwin.burnout_send(btwin.rollup(s)) = (SELECT btwin.burnout_send(all_rows) FROM public.serial) AS parallel_rollup FROM public.serial_groups;
SELECT btwin.burnout_agg(day, study_ms, load, NULL, planned, skipped) FILTER (WHERE g < 0) IS NOT NULL AS filtered_empty FROM public.log;
SET parallel_leader_participation = off;
SELECT btwin.burnout_send(btwin.burnout_agg(day, study_ms, load, NULL, planned, skipped)) = (SELECT btwin.burnout_send(all_rows) FROM public.serial) AS without_leader FROM public.log;
SELECT bool_and(btwin.burnout_send(p.s) = btwin.burnout_send(q.s)) AS groups_same, count(*) AS groups
FROM (SELECT learner, btwin.burnout_agg(day, study_ms, load, NULL, planned, skipped) AS s FROM public.log GROUP BY learner) p JOIN public.serial_groups q USING (learner);
RESET parallel_leader_participation;
SET enable_partitionwise_aggregate = on;
SELECT public.plan_has('SELECT day, btwin.burnout_agg(day, study_ms, load, NULL, planned, skipped) FROM public.parts GROUP BY day', 'Partial') AS partitionwise;
SELECT btwin.burnout_send(btwin.rollup(s)) = (SELECT btwin.burnout_send(all_rows) FROM public.serial) AS partitionwise_same
FROM (SELECT day, btwin.burnout_agg(day, study_ms, load, NULL, planned, skipped) AS s FROM public.parts GROUP BY day) x;
SELECT public.plan_has('SELECT btwin.risk_score(s, ''2024-03-10''), btwin.risk_level(s, ''2024-03-10''), btwin.confidence(s, ''2024-03-10''), s::jsonb FROM public.serial_groups', 'Gather') AS accessors_parallel;
RESET enable_partitionwise_aggregate;
RESET max_parallel_workers_per_gather;
RESET parallel_tuple_cost;
RESET parallel_setup_cost;
RESET min_parallel_table_scan_size;

\echo == labels
SELECT p.proname, p.provolatile, p.proparallel, p.proisstrict
FROM pg_catalog.pg_proc p WHERE p.pronamespace = 'btwin'::regnamespace AND 'btwin.burnout'::regtype = p.proargtypes[0] AND p.prokind = 'f' AND p.proname !~ '^burnout'
ORDER BY p.proname COLLATE "C";
SELECT count(*) AS without_comment FROM pg_catalog.pg_proc p
WHERE p.pronamespace = 'btwin'::regnamespace AND (p.proname ~ 'epic5_burnout' OR 'btwin.burnout'::regtype = ANY (p.proargtypes) OR p.proname = 'burnout_agg')
  AND p.proname !~ '_(in|out|recv|send|accum|accum_full|rollup_accum|combine|serialize|deserialize|final)$' AND pg_catalog.obj_description(p.oid, 'pg_proc') IS NULL;

\echo == errors
SELECT public.fault(s) FROM (VALUES
    ($$SELECT btwin.burnout_agg('2024-01-01', 'NaN', NULL, NULL, NULL, NULL)$$),
    ($$SELECT btwin.burnout_agg('2024-01-01', 'Infinity', NULL, NULL, NULL, NULL)$$),
    ($$SELECT btwin.burnout_agg('2024-01-01', -1, NULL, NULL, NULL, NULL)$$),
    ($$SELECT btwin.burnout_agg('2024-01-01', 90000001, NULL, NULL, NULL, NULL)$$),
    ($$SELECT btwin.burnout_agg('2024-01-01', NULL, 100.5, NULL, NULL, NULL)$$),
    ($$SELECT btwin.burnout_agg('2024-01-01', NULL, NULL, 1.01, NULL, NULL)$$),
    ($$SELECT btwin.burnout_agg('2024-01-01', NULL, NULL, NULL, -1, NULL)$$),
    ($$SELECT btwin.burnout_agg('2024-01-01', NULL, NULL, NULL, 1001, NULL)$$),
    ($$SELECT btwin.burnout_agg('2024-01-01', NULL, NULL, NULL, 1, 2)$$),
    ($$SELECT btwin.burnout_agg('2024-01-01', NULL, NULL, NULL, 1, 1, 1.5, NULL, NULL)$$),
    ($$SELECT btwin.burnout_agg('2024-01-01', NULL, NULL, NULL, 1, 1, NULL, 2, NULL)$$),
    ($$SELECT btwin.burnout_agg('2024-01-01', NULL, NULL, NULL, 1, 1, NULL, NULL, 2)$$),
    ($$SELECT btwin.burnout_agg('infinity', 1, NULL, NULL, NULL, NULL)$$),
    ($$SELECT btwin.burnout_agg('0001-12-31 BC', 1, NULL, NULL, NULL, NULL)$$),
    ($$SELECT btwin.burnout_agg('10000-01-01', 1, NULL, NULL, NULL, NULL)$$),
    ($$SELECT btwin.burnout_agg('2000-01-01'::date + g, 1, NULL, NULL, NULL, NULL) FROM generate_series(1, 4001) g$$),
    ($$SELECT btwin.rollup(s) FROM (SELECT btwin.burnout_agg('2000-01-01'::date + g, 1, NULL, NULL, NULL, NULL) AS s FROM generate_series(1, 4001) g GROUP BY g % 2) x$$),
    ($$SELECT btwin.rollup(s) FROM (SELECT '{"family": "burnout", "version": 1, "days": [{"day": "2024-01-01", "study_ms": [2147483647, 5], "load": [0, 0], "retention": [0, 0], "planned": [0, 0], "skipped": [0, 0], "performance": [0, 0], "in_progress": [0, 0], "rated_low": [0, 0], "untimed": [0, 0]}]}'::btwin.burnout AS s FROM generate_series(1, 2)) x$$),
    ($$SELECT btwin.risk(s, 'infinity') FROM public.state$$),
    ($$SELECT btwin.risk_score(s, '-infinity') FROM public.state$$),
    ($$SELECT btwin.risk_by_day(s, '2024-01-02', '2024-01-01') FROM public.state$$),
    ($$SELECT btwin.risk_by_day(s, '2010-01-01', '2024-01-01') FROM public.state$$),
    ($$SELECT btwin.risk_by_day(s, '2001-01-01', '2001-01-01'::date + 4000) FROM public.state$$),
    ($$SELECT btwin.risk_by_day(s, '2001-01-01', '2001-01-01'::date + 3999) FROM public.state$$),
    ($$SELECT btwin.signals(s, '10000-01-01') FROM public.state$$),
    ($$SELECT btwin.factors(s, '10000-01-01') FROM public.state$$),
    ($$SELECT btwin.contributions(s, '10000-01-01') FROM public.state$$)
) v(s);
-- the ends of the calendar
SELECT btwin.risk_score(s, '0001-01-01') IS NULL AS first_day, btwin.risk_score(s, '9999-12-31') IS NULL AS last_day FROM public.state WHERE name = 'limit';

DROP TABLE public.day CASCADE;
DROP TABLE public.state, public.state_back, public.course, public.log, public.serial, public.serial_groups, public.parts;
DROP FUNCTION public.fault, public.day_text, public.state_text, public.plan_has;
