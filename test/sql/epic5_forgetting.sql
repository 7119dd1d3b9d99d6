-- epic5_forgetting: every rule of 1.7, 2.9 and 2.10 with its boundaries
\set VERBOSITY default
\pset format unaligned
SET search_path = '';
SET extra_float_digits = 0;
SET TimeZone = 'UTC';

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
-- days after 2026-01-01, to the microsecond
CREATE FUNCTION public.day(d numeric) RETURNS timestamptz LANGUAGE sql IMMUTABLE AS
$$SELECT '2026-01-01 00:00Z'::timestamptz + interval '1 microsecond' * (d * 86400000000)::float8$$;

\echo == windows: both ends of 20 % count, a microsecond more does not
SELECT days, string_agg(p.interval_days::text, ',' ORDER BY p.interval_days) AS interval
FROM pg_catalog.unnest('{0.799999999988,0.8,1,1.2,1.200000000012,2.399999999988,2.4,3.6,3.600000000012,5.599999999988,5.6,8.4,8.400000000012,11.199999999988,11.2,16.8,16.800000000012,23.999999999988,24,36,36.000000000012,71.999999999988,72,108,108.000000000012}'::numeric[]) days
LEFT JOIN LATERAL btwin.epic5_forgetting_points('{c,c}', ARRAY[public.day(0), public.day(days)], '{1,5}') p ON true
GROUP BY days ORDER BY days;

\echo == points: the first later review in each window, of the same card, with its own stability
-- a at days 0, 1, 1.1, 4: from 0: 1 (interval 1: 1 before 1.1), none in 2.4 .. 3.6; from 1: 4 (3 days); from 1.1: 4 (2.9 days); b apart
SELECT * FROM btwin.epic5_forgetting_points('{a,b,a,a,a,b}', ARRAY[public.day(4), public.day(0), public.day(0), public.day(1.1), public.day(1), public.day(3)], '{20,1,1,4,3,7}');
-- the mean of interval 3: (1 + 1 + 0.7) / 3
SELECT interval_days, round(mean_retention::numeric, 9) AS mean_retention, points
FROM btwin.epic5_forgetting_by_interval('{a,b,a,a,a,b}', ARRAY[public.day(4), public.day(0), public.day(0), public.day(1.1), public.day(1), public.day(3)], '{20,1,1,4,3,7}');
-- equal times: the order of the arrays decides, so the second of them comes later, at no interval
SELECT count(*) AS at_same_time FROM btwin.epic5_forgetting_points('{a,a}', ARRAY[public.day(0), public.day(0)], '{1,2}');
SELECT retention AS first_of_equal FROM btwin.epic5_forgetting_points('{a,a,a}', ARRAY[public.day(1), public.day(0), public.day(1)], '{4,1,9}');

\echo == fit: ln R through (1, ln 0.8) and (3, ln 0.6)
-- k = ln(0.8 / 0.6) / 2 = 0.143841036; r0 = e^(ln 0.8 + k) = 0.92376043; half-life ln 2 / k = 4.81884168
SELECT round(r0::numeric, 8) AS r0, round(k::numeric, 9) AS k, round(half_life::numeric, 8) AS half_life, fitted FROM btwin.epic5_forgetting_fit('{1,3}', '{0.8,0.6}');
-- three points (1, 0.9), (2, 0.9), (6, 0.3): n 3, Sx 9, Sxx 41, Sy = ln 0.243 = -1.414693836, Sxy = 3 ln 0.9 + 6 ln 0.3 = -7.539918374
-- denominator 123 - 81 = 42; slope (-22.619755123 + 12.732244524) / 42 = -0.235416919; a = (-58.002447274 + 67.859265370) / 42 = 0.234686145 -> r0 1
SELECT r0, round(k::numeric, 9) AS k, fitted FROM btwin.epic5_forgetting_fit('{1,2,6}', '{0.9,0.9,0.3}');
-- clamps: rising retention -> k 0.05; steep -> 0.5; low start -> r0 0.5
SELECT * FROM btwin.epic5_forgetting_fit('{1,10}', '{0.6,0.7}');
SELECT round(r0::numeric, 6) AS r0, k FROM btwin.epic5_forgetting_fit('{1,2}', '{0.9,0.2}');
SELECT r0, round(k::numeric, 6) AS k FROM btwin.epic5_forgetting_fit('{1,2}', '{0.3,0.27}');
-- within the clamps nothing is moved: r0 = 0.6, k = 0.06 and r0 = 0.95, k = 0.45
SELECT round(r0::numeric, 9) AS r0, round(k::numeric, 9) AS k
FROM (VALUES (0.6::float8, 0.06::float8), (0.95, 0.45)) u(a, b), btwin.epic5_forgetting_fit('{1,2,4}', ARRAY[a * exp(-b), a * exp(-2 * b), a * exp(-4 * b)]);
-- retention 0 is dropped; one point, none, or all at one time: the default
SELECT round(k::numeric, 9) AS k, fitted FROM btwin.epic5_forgetting_fit('{1,2,3}', '{0.8,0,0.6}');
SELECT * FROM btwin.epic5_forgetting_fit('{1,2}', '{0.8,0}');
SELECT * FROM btwin.epic5_forgetting_fit('{}', '{}');
SELECT r0, k, fitted FROM btwin.epic5_forgetting_fit('{0.9,0.9,0.9}', '{0.8,0.4,0.6}');

-- times that differ little are a line, times of 0 are not; retention of half a percent counts
SELECT fitted FROM btwin.epic5_forgetting_fit('{1,1.0001}', '{0.8,0.79999}');
SELECT r0, k, fitted FROM btwin.epic5_forgetting_fit('{0,0}', '{0.8,0.6}');
SELECT k, fitted FROM btwin.epic5_forgetting_fit('{1,2}', '{0.8,0.005}');

\echo == curve: cards reviewed on day 0 and after a gap of some days, and one card once, at the end of the span
CREATE FUNCTION public.curve(cards int, gaps float8[], stability float8[], span numeric,
    OUT r0 numeric, OUT k numeric, OUT half_life numeric, OUT difference numeric, OUT deviation text, OUT deviation_percent int, OUT confidence float8, OUT reviews bigint, OUT points bigint)
LANGUAGE sql AS $$
    WITH r AS (
        SELECT 'c' || g AS card, public.day(0) AS at, 1.0::float8 AS s FROM pg_catalog.generate_series(1, cards) g
        UNION ALL SELECT 'c' || g, public.day(gaps[1 + g % cardinality(gaps)]::numeric), stability[1 + g % cardinality(stability)] FROM pg_catalog.generate_series(1, cards) g
        UNION ALL SELECT 'last', public.day(span), 1)
    SELECT round(c.r0::numeric, 9), round(c.k::numeric, 9), round(c.half_life::numeric, 6), round(c.difference_percent::numeric, 4), c.deviation, c.deviation_percent, c.confidence, c.review_count, c.point_count
    FROM (SELECT array_agg(card) AS cards, array_agg(at) AS times, array_agg(s) AS stabilities FROM r) a, btwin.epic5_forgetting_curve(a.cards, a.times, a.stabilities) c $$;
-- 51 reviews over 30 days; at 1 day stability 8, at 3 days 6: the two-point line of above
-- difference: (4.81884168 - 4.95105129) / 4.95105129 = -2.6703 %
SELECT * FROM public.curve(25, '{1,3}', '{8,6}', 30);
-- a microsecond less than 30 days; 49 and 50 reviews
SELECT * FROM public.curve(25, '{1,3}', '{8,6}', 29.99999999999);
SELECT * FROM public.curve(24, '{1,3}', '{8,6}', 40);
SELECT reviews, deviation, confidence FROM (SELECT c.* FROM (SELECT array_agg('c' || g % 25 ORDER BY g) a, array_agg(public.day(g / 25 * 30) ORDER BY g) b, array_agg(5.0::float8) d FROM pg_catalog.generate_series(0, 49) g) x, btwin.epic5_forgetting_curve(a, b, d) c) y(r0, k, half_life, difference_percent, deviation, deviation_percent, confidence, reviews, points);
-- no gap near any interval
SELECT * FROM public.curve(25, '{2,5}', '{8,6}', 40);
-- points at one time only: default curve, yet "similar" and full confidence, as the reference has it
SELECT * FROM public.curve(25, '{1}', '{8}', 40);
-- faster above k 0.154, slower below 0.126: R = e^-k, e^-3k, so that r0 = 1
SELECT x.k AS true_k, c.* FROM pg_catalog.unnest('{0.1259,0.1261,0.1539,0.1541,0.3}'::float8[]) x(k), public.curve(25, '{1,3}', ARRAY[10 * exp(-x.k), 10 * exp(-3 * x.k)], 40) c ORDER BY x.k;
-- nothing at all
SELECT * FROM btwin.epic5_forgetting_curve('{}', '{}', '{}');

\echo == prediction: r0 0.9, k 0.1, two days: 0.9 e^-0.2 = 0.736857678; ln(1.8) / 0.1 - 2 = 3.877866649; ln(0.9 / 0.7) / 0.1 - 2 = 0.513144283
SELECT round(current_retention::numeric, 9) AS now, round(days_until_forgetting::numeric, 9) AS forgotten, round(review_in_days::numeric, 9) AS due, prediction_confidence FROM btwin.epic5_forgetting_prediction(0.9, 0.1, 2, 0.8);
-- due first, then forgotten, then both past; starting at the limit itself
SELECT days, round(current_retention::numeric, 6) AS now, round(days_until_forgetting::numeric, 6) AS forgotten, round(review_in_days::numeric, 6) AS due
FROM pg_catalog.unnest('{0,3,6}'::float8[]) days, btwin.epic5_forgetting_prediction(0.9, 0.1, days) ORDER BY days;
-- due in ln(9/7) / 0.1 - 2.51 = 0.003144 days; 0.9 e^-6 = 0.002231
SELECT round(review_in_days::numeric, 6) AS due FROM btwin.epic5_forgetting_prediction(0.9, 0.1, 2.51);
SELECT round(current_retention::numeric, 6) AS now FROM btwin.epic5_forgetting_prediction(0.9, 0.1, 60);
SELECT * FROM btwin.epic5_forgetting_prediction(0.5, 0.1, 0);
SELECT * FROM btwin.epic5_forgetting_prediction(0.9, 0.1, NULL, 0.8);
SELECT p IS NULL AS no_curve FROM btwin.epic5_forgetting_prediction(NULL, 0.1, 1) p;

\echo == insight: k 0.1: half-life 6.931472, 40 % longer, 7 days, review every 4.852030 days
SELECT * FROM btwin.epic5_forgetting_insight(0.1);
-- k 0.14 itself counts as slower: 0 %, 4.951 -> 5, 3.4657 -> 3; just above as faster
SELECT k, i.* FROM pg_catalog.unnest('{0.14,0.1400001,0.28,0.05}'::float8[]) k, btwin.epic5_forgetting_insight(k) i ORDER BY k;
-- halves round up: half-life 4.5 exactly, and 0.7 * half-life = 3.5 exactly
SELECT half_life_days FROM btwin.epic5_forgetting_insight(ln(2::float8) / 4.5);
SELECT review_every_days FROM btwin.epic5_forgetting_insight(ln(2::float8) / 5);

\echo == errors
SELECT public.fault(s) FROM (VALUES
    ($$SELECT btwin.epic5_forgetting_curve('{a}', '{}', '{1}')$$),
    ($$SELECT btwin.epic5_forgetting_curve('{a}', ARRAY[now()], '{}')$$),
    ($$SELECT btwin.epic5_forgetting_curve('{NULL}', ARRAY[now()], '{1}')$$),
    ($$SELECT btwin.epic5_forgetting_curve('{a}', '{NULL}', '{1}')$$),
    ($$SELECT btwin.epic5_forgetting_curve('{a}', ARRAY[now()], '{NULL}')$$),
    ($$SELECT btwin.epic5_forgetting_curve('{a}', '{infinity}', '{1}')$$),
    ($$SELECT btwin.epic5_forgetting_curve('{a}', ARRAY[now()], '{NaN}')$$),
    ($$SELECT btwin.epic5_forgetting_curve('{a}', '{{2026-01-01}}', '{1}')$$),
    ($$SELECT btwin.epic5_forgetting_points('{a,b}', ARRAY[now()], '{1}')$$),
    ($$SELECT btwin.epic5_forgetting_by_interval('{a}', ARRAY[now()], '{1,2}')$$),
    ($$SELECT btwin.epic5_forgetting_fit('{1,2}', '{1}')$$),
    ($$SELECT btwin.epic5_forgetting_fit('{-1}', '{1}')$$),
    ($$SELECT btwin.epic5_forgetting_fit('{1}', '{1.01}')$$),
    ($$SELECT btwin.epic5_forgetting_fit('{1}', '{-0.01}')$$),
    ($$SELECT btwin.epic5_forgetting_prediction(0, 0.1, 1)$$),
    ($$SELECT btwin.epic5_forgetting_prediction(1.1, 0.1, 1)$$),
    ($$SELECT btwin.epic5_forgetting_prediction(1, 0, 1)$$),
    ($$SELECT btwin.epic5_forgetting_prediction(1, 0.1, -1)$$),
    ($$SELECT btwin.epic5_forgetting_prediction(1, 0.1, 1, 1.1)$$),
    ($$SELECT btwin.epic5_forgetting_insight(0)$$)
) x(s);
DROP FUNCTION public.fault, public.day, public.curve;
