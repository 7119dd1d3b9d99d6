-- btwin_api.recommendations and btwin_api.recommendation_metrics
\set QUIET on
SET client_min_messages = warning;
SET DateStyle = 'ISO, YMD';
SET TimeZone = 'UTC';
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS btwin;
SELECT plan(104);
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

-- Internal parts

SELECT is(array_agg(btwin._plain_number(v) ORDER BY n), '{NULL,NULL,NULL,NULL,NULL,1e100,-1e100,NULL,1e-100,0,0,3.5}'::float8[], 'numbers one can calculate with')
FROM unnest('{NaN,Infinity,-Infinity,NULL,1.0001e100,1e100,-1e100,-1.0001e100,1e-100,0.9999e-100,-0.9999e-100,3.5}'::float8[]) WITH ORDINALITY AS u (v, n);
SELECT is(ARRAY[btwin._json_number('{"a": 2.5}'::jsonb -> 'a'), btwin._json_number('{"a": "2.5"}'::jsonb -> 'a'), btwin._json_number('{"a": 1e400}'::jsonb -> 'a'), btwin._json_number('{"a": -1e100}'::jsonb -> 'a'), btwin._json_number('{"a": null}'::jsonb -> 'a'),
                btwin._json_number('[1]'::jsonb -> 'a'), btwin._json_number('{"a": 1e-400}'::jsonb -> 'a'), btwin._json_number(NULL::jsonb -> 'a'), btwin._json_number('{"a": 1.01e100}'::jsonb -> 'a'), btwin._json_number('{"a": -1e-100}'::jsonb -> 'a'), btwin._json_number('{"a": 9.9e-101}'::jsonb -> 'a')],
          '{2.5,NULL,NULL,-1e100,NULL,NULL,0,NULL,NULL,-1e-100,1e-100}'::float8[], 'numbers of documents');
SELECT is(btwin._json_moment(v), w::timestamptz, format('moment %L', v))
FROM (VALUES ('2026-03-16T12:00:00.000Z', '2026-03-16 12:00+00'), ('2026-03-16T12:00:00+01:00', '2026-03-16 11:00+00'), ('2026-02-29T12:00:00Z', NULL), ('2028-02-29T12:00:00Z', '2028-02-29 12:00+00'),
             ('2026-04-31T12:00:00Z', NULL), ('2026-03-16', NULL), ('2026-03-16T24:00:00Z', NULL), ('now', NULL), ('2026-03-16T12:00:00.123456789Z', '2026-03-16 12:00:00.123457+00')) AS x (v, w);
-- every day there might be, and every part of a time
SELECT is_empty($$SELECT y, m, d FROM unnest('{1000,1900,2025,2028,2100,2999}'::int[]) y, generate_series(0, 13) m, generate_series(0, 32) d
                  WHERE (btwin._json_moment(format('%s-%s-%sT00:00:00Z', y, lpad(m::text, 2, '0'), lpad(d::text, 2, '0'))) IS NOT NULL) <>
                        (m BETWEEN 1 AND 12 AND d BETWEEN 1 AND CASE WHEN m = 2 THEN CASE WHEN y = 2028 THEN 29 ELSE 28 END WHEN m IN (4, 6, 9, 11) THEN 30 ELSE 31 END)$$, 'days that are');
SELECT is((SELECT string_agg(y::text, ' ' ORDER BY y) FROM generate_series(1995, 2101) y WHERE btwin._json_moment(y || '-02-29T00:00:00Z') IS NOT NULL), '2000 2004 2008 2012 2016 2020 2024 2028 2032 2036 2040 2044 2048 2052 2056 2060 2064 2068 2072 2076 2080 2084 2088 2092 2096', 'leap years');
SELECT is_empty($$SELECT n FROM generate_series(0, 70) n CROSS JOIN LATERAL (SELECT lpad(n::text, 2, '0')) AS l (s)
                  WHERE (btwin._json_moment('2026-03-16T' || s || ':00:00Z') IS NOT NULL) <> (n <= 23) OR (btwin._json_moment('2026-03-16T00:' || s || ':00Z') IS NOT NULL) <> (n <= 59)
                     OR (btwin._json_moment('2026-03-16T00:00:' || s || 'Z') IS NOT NULL) <> (n <= 59) OR (btwin._json_moment('2026-03-16T00:00:00+' || s || ':00') IS NOT NULL) <> (n <= 14)
                     OR (btwin._json_moment('2026-03-16T00:00:00-05:' || s) IS NOT NULL) <> (n <= 59) OR n <= 12 AND (btwin._json_moment('2026-03-16T00:00:00.' || repeat('0', n) || 'Z') IS NOT NULL) <> (n BETWEEN 1 AND 9)
                     OR n BETWEEN 1 AND 9 AND btwin._json_moment('2026-03-16T00:00:00.' || n || 'Z') IS NULL$$, 'times that are');
SELECT is((SELECT string_agg(y, ' ') FROM unnest('{0999,1000,2999,3000}'::text[]) y WHERE btwin._json_moment(y || '-03-16T00:00:00Z') IS NOT NULL), '1000 2999', 'years that are');
-- Student's distribution, tables to 4 digits (as printed in any of them)
SELECT is(round(btwin._t_critical(df)::numeric, 3), t, format('t of %s degrees of freedom', df))
FROM (VALUES (1, 12.706), (2, 4.303), (3, 3.182), (5, 2.571), (10, 2.228), (29, 2.045), (120, 1.980), (1e6, 1.960)) AS x (df, t);
SELECT ok(bool_and(abs(btwin.beta_cdf(df / (df + btwin._t_critical(df) ^ 2), df / 2, 0.5) - 0.05) < 1e-10), 'what lies beyond it is 0.05')
FROM unnest('{1,1.5,2,7.3,19,400,1e5}'::float8[]) AS u (df);

-- what rounding leaves of values that are alike is no spread
SELECT is(array_agg(btwin._spread(sd, mean) ORDER BY n), '{NULL,0,0,1.01e-9,0,1.01e-9,0,1.01e-6,0,0.5}'::float8[], 'a spread, or rounding')
FROM (VALUES (1, NULL, 1), (2, 0, 0), (3, 1e-9, 0.5), (4, 1.01e-9, 0.5), (5, 1e-9, -1), (6, 1.01e-9, -1), (7, 1e-6, -1000), (8, 1.01e-6, -1000), (9, 1e-6, 1000), (10, 0.5, 0)) AS x (n, sd, mean);
SELECT is(pg_temp.shown(btwin._mean_score(12, 0.1, sd, 0, 1, 'v', :t, NULL)), w, 'a mean of twelve, sd ' || sd)
FROM (VALUES (1e-9, '0.100000 - - n 12 confidence 0.545455'), (2e-9, '0.100000 0.100000 0.100000 n 12 confidence 0.545455')) AS x (sd, w);

-- recommendations: the empty learner

SELECT is_empty(format('SELECT * FROM btwin_api.recommendations(as_of => %L)', :t), 'nobody recommended anything');

-- ann: priorities with ties. r1 and r2 share priority and time, r3 only priority.
INSERT INTO recommendations (id, user_id, recommendation_type, title, description, actionable_text, confidence, estimated_impact, ease_of_implementation, user_readiness, priority_score, status, source_pattern_ids, source_insight_ids, created_at, applied_at, dismissed_at)
SELECT v.id, v.user_id, 'STUDY_TIME_OPTIMIZATION', 'title ' || v.id, 'description', 'text', 0.8, 0.7, 0.6, 0.5, v.priority, v.status, '{p1}', '{i1,i2}', v.created_at::timestamptz, v.applied_at::timestamptz, v.dismissed_at::timestamptz
FROM (VALUES
    ('r1', 'ann', 0.9, 'PENDING',   '2026-03-10 08:00+00', NULL, NULL),
    ('r2', 'ann', 0.9, 'VIEWED',    '2026-03-10 08:00+00', NULL, NULL),
    ('r3', 'ann', 0.9, 'RATED',     '2026-03-09 08:00+00', NULL, NULL),
    ('r4', 'ann', 0.7, 'PENDING',   '2026-03-11 08:00+00', '2026-03-14 12:00+00', NULL),
    ('r5', 'ann', 0.6, 'DISMISSED', '2026-03-11 08:00+00', NULL, '2026-03-12 12:00+00'),
    ('r6', 'ann', 0.5, 'PENDING',   '2026-03-16 12:00+00', NULL, NULL),
    ('r7', 'ann', 0.4, 'PENDING',   '2026-03-16 12:00:00.000001+00', NULL, NULL),
    ('r8', 'ann', 0.3, 'PENDING',   '2000-01-01 00:00+00', NULL, NULL),
    ('b1', 'bob', 0.95, 'PENDING',  '2026-03-10 08:00+00', NULL, NULL)) AS v (id, user_id, priority, status, created_at, applied_at, dismissed_at);
INSERT INTO btwin.provenance (user_id, kind, id, method, version, computed_for, evidence_count) VALUES
    ('ann', 'recommendations', 'r1', 'btwin', 'pattern-1', '2026-03-10 02:00+00', 42), ('bob', 'recommendations', 'r2', 'btwin', 'x', '2026-03-10 02:00+00', 1), ('ann', 'patterns', 'r2', 'btwin', 'x', '2026-03-10 02:00+00', 1);
CREATE FUNCTION pg_temp.ids(include_applied boolean DEFAULT false, status_is text DEFAULT NULL, max_rows integer DEFAULT 20, after_id text DEFAULT NULL, as_of timestamptz DEFAULT '2026-03-16 12:00+00') RETURNS text LANGUAGE sql AS $$
SELECT coalesce(string_agg(r.id || '/' || left(r.status, 1), ' '), '') FROM btwin_api.recommendations(NULL, include_applied, status_is, max_rows, after_id, as_of) r
$$;
SELECT is(pg_temp.ids(), 'r1/P r2/V r3/R r6/P r8/P', 'by priority, then the newest, then id; not applied, not dismissed; the moment itself counts, what is later does not');
SELECT is((SELECT string_agg(r.id, ' ') FROM btwin_api.recommendations(as_of => :t) r), 'r1 r2 r3 r6 r8', 'at most 5 by default');
SELECT is(pg_temp.ids(include_applied => true), 'r1/P r2/V r3/R r4/P r6/P r8/P', 'with those applied');
SELECT is(pg_temp.ids(status_is => 'DISMISSED'), 'r5/D', 'the dismissed ones');
SELECT is(pg_temp.ids(status_is => 'PENDING'), 'r1/P r6/P r8/P', 'the pending ones');
SELECT is(pg_temp.ids(status_is => 'VIEWED') || ' ' || pg_temp.ids(status_is => 'RATED'), 'r2/V r3/R', 'viewed and rated');
-- one microsecond before it was applied or dismissed it was neither
SELECT is(pg_temp.ids(as_of => '2026-03-14 12:00+00'), 'r1/P r2/V r3/R r8/P', 'applied at that very moment');
SELECT is(pg_temp.ids(as_of => '2026-03-14 11:59:59.999999+00'), 'r1/P r2/V r3/R r4/P r8/P', 'and not before');
SELECT is(pg_temp.ids(as_of => '2026-03-12 12:00+00'), 'r1/P r2/V r3/R r4/P r8/P', 'dismissed at that very moment');
SELECT is(pg_temp.ids(as_of => '2026-03-12 11:59:59.999999+00'), 'r1/P r2/V r3/R r4/P r5/P r8/P', 'and pending before');
SELECT is((SELECT applied_at IS NULL AND dismissed_at IS NULL FROM btwin_api.recommendations(as_of => '2026-03-12 10:00+00') WHERE id = 'r5'), true, 'times that had not come yet');
SELECT is((SELECT applied_at FROM btwin_api.recommendations(include_applied => true, as_of => '2026-03-14 12:00+00') WHERE id = 'r4'), '2026-03-14 12:00+00', 'and one that had');
SELECT is((SELECT dismissed_at FROM btwin_api.recommendations(status_is => 'DISMISSED', as_of => '2026-03-12 12:00+00') WHERE id = 'r5'), '2026-03-12 12:00+00', 'likewise');
-- pages: after each row comes the next one, ties included
SELECT is(pg_temp.ids(max_rows => 2), 'r1/P r2/V', 'a page');
SELECT is(pg_temp.ids(max_rows => 1, after_id => 'r1'), 'r2/V', 'behind r1, which has the same priority and time');
SELECT is(pg_temp.ids(max_rows => 1, after_id => 'r2'), 'r3/R', 'behind r2: the same priority, older');
SELECT is(pg_temp.ids(after_id => 'r3'), 'r6/P r8/P', 'behind r3');
SELECT is(pg_temp.ids(after_id => 'r5'), 'r6/P r8/P', 'behind one that the filters leave out');
SELECT is(pg_temp.ids(after_id => 'r8'), '', 'behind the last');
SELECT is(to_jsonb(r) - 'created_at' - 'computed_for', '{"id": "r1", "recommendation_type": "STUDY_TIME_OPTIMIZATION", "title": "title r1", "description": "description", "actionable_text": "text", "priority_score": 0.9, "estimated_impact": 0.7, "ease_of_implementation": 0.6, "user_readiness": 0.5, "status": "PENDING", "source_pattern_ids": ["p1"], "source_insight_ids": ["i1", "i2"], "applied_at": null, "dismissed_at": null, "confidence": 0.8, "evidence_count": 42, "method": "btwin", "version": "pattern-1", "reason": null}'::jsonb, 'columns')
FROM btwin_api.recommendations(max_rows => 1, as_of => :t) r;
SELECT results_eq(format('SELECT created_at, computed_for FROM btwin_api.recommendations(max_rows => 1, as_of => %L)', :t), $$VALUES ('2026-03-10 08:00+00'::timestamptz, '2026-03-10 02:00+00'::timestamptz)$$, 'its moments');
SELECT results_eq(format('SELECT method, version, computed_for, evidence_count FROM btwin_api.recommendations(as_of => %L) WHERE id = ''r2''', :t), $$VALUES ('application', NULL::text, NULL::timestamptz, NULL::integer)$$, 'where the application wrote it');

-- a dismissal that only its time tells, one to come, and one without a time
INSERT INTO recommendations (id, user_id, recommendation_type, title, description, actionable_text, confidence, estimated_impact, ease_of_implementation, user_readiness, priority_score, status, created_at, dismissed_at)
SELECT v.id, 'eve', 'STUDY_TIME_OPTIMIZATION', 't', 'd', 'a', 0.8, 0.7, 0.6, 0.5, 0.5, v.status, '2026-03-10 08:00+00', v.dismissed_at::timestamptz
FROM (VALUES ('v1', 'PENDING', '2026-03-16 12:00+00'), ('v2', 'VIEWED', '2026-03-20 12:00+00'), ('v3', 'DISMISSED', NULL)) AS v (id, status, dismissed_at);
SELECT is((SELECT string_agg(r.id || ' ' || r.status, ', ') FROM btwin_api.recommendations('eve', as_of => :t) r) || ', ' || (SELECT string_agg(r.id || ' ' || r.status, ', ') FROM btwin_api.recommendations('eve', status_is => 'DISMISSED', as_of => :t) r), 'v2 VIEWED, v1 DISMISSED, v3 DISMISSED', 'what was dismissed then');
DELETE FROM recommendations WHERE user_id = 'eve';

-- refusals
SELECT is(pg_temp.refusal(format('SELECT * FROM btwin_api.recommendations(%s)', a)), w, a)
FROM (VALUES ('include_applied => NULL', 'PT400 missing_argument include_applied'), ('status_is => ''OPEN''', 'PT400 not_allowed_value status_is'), ('max_rows => 0', 'PT400 out_of_range max_rows'), ('max_rows => 1', 'accepted'),
             ('max_rows => 20', 'accepted'), ('max_rows => 21', 'PT400 out_of_range max_rows'), ('max_rows => NULL', 'PT400 missing_argument max_rows'), ('as_of => ''infinity''', 'PT400 out_of_range as_of'),
             -- the owner is a service: another's id is an unknown one
             ('after_id => ''b1''', 'PT404 unknown_id'), ('after_id => ''nothing''', 'PT404 unknown_id'), ('user_id => ''nobody''', 'PT404 unknown_learner user_id'), ('user_id => ''off''', 'PT403 analysis_disabled'),
             ('user_id => ''nobody'', max_rows => 0', 'PT400 out_of_range max_rows')) AS x (a, w);

-- recommendation_metrics

SELECT is(pg_temp.refusal(format('SELECT btwin_api.recommendation_metrics(%s)', a)), w, a)
FROM (VALUES ('period => NULL', 'PT400 missing_argument period'), ('period => ''8d''', 'PT400 not_allowed_value period'), ('period => ''7d''', 'accepted'), ('user_id => ''off''', 'PT403 analysis_disabled'), ('as_of => ''-infinity''', 'PT400 out_of_range as_of')) AS x (a, w);
CREATE FUNCTION pg_temp.m(learner text, period text DEFAULT '7d', as_of timestamptz DEFAULT '2026-03-16 12:00+00') RETURNS jsonb LANGUAGE sql AS $$SELECT btwin_api.recommendation_metrics(learner, period, as_of)$$;
SELECT is(pg_temp.m('eve') #>> '{content,ctr,reason}' || ' ' || (pg_temp.m('eve') #>> '{content,avg_rating,reason}') || ' ' || (pg_temp.m('eve') #>> '{content,avg_engagement_time_ms,reason}') || ' ' || (pg_temp.m('eve') #>> '{content,improvement_correlation,reason}') || ' ' || (pg_temp.m('eve') #>> '{behavioral,effectiveness,reason}'),
          'no_rows no_rows no_rows insufficient_data no_rows', 'the empty learner: reasons, no zeros');
SELECT is(pg_temp.shown(pg_temp.m('eve') #> '{content,ctr}') || ', ' || pg_temp.shown(pg_temp.m('eve') #> '{content,avg_rating}'), 'null no_rows - - n 0 confidence 0.000000, null no_rows - - n 0 confidence 0.000000', 'and no confidence');
SELECT is(pg_temp.m('eve') #- '{content,ctr}' #- '{content,avg_rating}' #- '{content,avg_engagement_time_ms}' #- '{content,improvement_correlation}' #- '{behavioral,effectiveness}' #- '{start_at}' #- '{end_at}',
          '{"period": "7d", "content": {"total_recommendations": 0, "viewed_count": 0, "clicked_count": 0, "dismissed_count": 0, "top_sources": []}, "behavioral": {"open_count": 0, "applied_count": 0, "dismissed_count": 0, "evaluated_count": 0}}'::jsonb, 'and counts of 0');
SELECT is(ARRAY[(pg_temp.m('eve', p) ->> 'start_at')::timestamptz, (pg_temp.m('eve', p) ->> 'end_at')::timestamptz], ARRAY[s, '2026-03-16 12:00+00']::timestamptz[], 'period ' || p)
FROM (VALUES ('7d', '2026-03-09 12:00+00'), ('30d', '2026-02-14 12:00+00'), ('90d', '2025-12-16 12:00+00')) AS x (p, s);

-- eve: five recommendations of content in the week, one at its very start, one at
-- the moment; one before and one after it
INSERT INTO content_recommendations (id, user_id, recommended_content_id, score, reasoning, status, source_type, created_at, viewed_at, dismissed_at)
SELECT v.id, 'eve', 'k', 0.5, 'r', v.status, v.source, v.created_at::timestamptz, v.viewed_at::timestamptz, v.dismissed_at::timestamptz
FROM (VALUES
    ('c0', 'PENDING',   'LECTURE',      '2026-03-09 11:59:59.999999+00', NULL, NULL),
    ('c1', 'VIEWED',    'LECTURE',      '2026-03-09 12:00+00', '2026-03-16 12:00+00', NULL),
    ('c2', 'VIEWED',    'FIRST_AID',    '2026-03-10 12:00+00', '2026-03-16 12:00:00.000001+00', NULL),
    ('c3', 'VIEWED',    'LECTURE',      '2026-03-11 12:00+00', NULL, NULL),
    ('c4', 'DISMISSED', 'CONCEPT_NOTE', '2026-03-11 12:00+00', NULL, '2026-03-16 12:00+00'),
    ('c5', 'DISMISSED', NULL,           '2026-03-16 12:00+00', NULL, '2026-03-16 12:00:00.000001+00'),
    ('c6', 'PENDING',   'LECTURE',      '2026-03-16 12:00:00.000001+00', NULL, NULL)) AS v (id, status, source, created_at, viewed_at, dismissed_at);
-- clicks: two that name c1 are one, one names c2, one names nothing: 3 of 5
INSERT INTO behavioral_events (id, user_id, event_type, event_data, timestamp, session_performance_score)
SELECT v.id, 'eve', v.kind, v.data::jsonb, v.at::timestamptz, v.performance
FROM (VALUES
    ('e0', 'RECOMMENDATION_CLICKED', '{"recommendationId": "c9", "durationMs": 9}', '2026-03-09 11:59:59.999999+00', 1),
    ('e1', 'RECOMMENDATION_CLICKED', '{"recommendationId": "c1", "durationMs": 1000}', '2026-03-09 12:00+00', NULL),
    ('e2', 'RECOMMENDATION_CLICKED', '{"recommendationId": "c1", "durationMs": 3000}', '2026-03-12 12:00+00', NULL),
    ('e3', 'RECOMMENDATION_CLICKED', '{"recommendationId": "c2", "durationMs": -1}', '2026-03-12 12:00+00', NULL),
    ('e4', 'RECOMMENDATION_CLICKED', '{}', '2026-03-16 12:00+00', NULL),
    ('e5', 'RECOMMENDATION_VIEWED', '{"recommendationId": "c3", "durationMs": 5000}', '2026-03-12 12:00+00', NULL),
    ('e6', 'CARD_REVIEWED', '{"recommendationId": "c3", "durationMs": 7000}', '2026-03-12 12:00+00', 50),
    ('e7', 'RECOMMENDATION_CLICKED', '{"recommendationId": "c8"}', '2026-03-16 12:00:00.000001+00', NULL),
    ('e8', 'RECOMMENDATION_RATED', '{"durationMs": 0}', '2026-03-12 12:00+00', NULL)) AS v (id, kind, data, at, performance);
INSERT INTO recommendation_feedback (id, user_id, recommendation_id, rating, created_at) VALUES ('f1', 'eve', 'c1', 2, '2026-03-09 12:00+00'), ('f2', 'eve', 'c2', 4, '2026-03-10 12:00+00'), ('f3', 'eve', 'c3', 5, '2026-03-16 12:00+00'), ('f4', 'eve', 'c3', NULL, '2026-03-11 12:00+00'), ('f0', 'eve', 'c3', 1, '2026-03-09 11:59+00');
SELECT is((pg_temp.m('eve') -> 'content') - 'ctr' - 'avg_rating' - 'avg_engagement_time_ms' - 'improvement_correlation',
          '{"total_recommendations": 5, "viewed_count": 2, "clicked_count": 3, "dismissed_count": 1, "top_sources": [{"type": "LECTURE", "count": 2}, {"type": "CONCEPT_NOTE", "count": 1}, {"type": "FIRST_AID", "count": 1}]}'::jsonb, 'counts: both ends of the week, and changes at its end');
-- bob was offered all kinds in January
INSERT INTO content_recommendations (id, user_id, recommended_content_id, score, reasoning, source_type, created_at)
SELECT 'k' || n || g, 'bob', 'k', 0.5, 'r', e.kinds[n], '2026-01-10 12:00+00'
FROM generate_series(1, 5) n CROSS JOIN (SELECT e.allowed AS kinds FROM btwin.domain_enum e WHERE e.enum_name = 'ContentSourceType') AS e CROSS JOIN LATERAL generate_series(1, 6 - n) g;
SELECT is(pg_temp.m('bob', '7d', '2026-01-12 12:00+00') #> '{content,top_sources}', '[{"type": "LECTURE", "count": 5}, {"type": "FIRST_AID", "count": 4}, {"type": "EXTERNAL_ARTICLE", "count": 3}, {"type": "CONCEPT_NOTE", "count": 2}, {"type": "USER_NOTE", "count": 1}]'::jsonb, 'the most frequent sources first');
-- Wilson, 3 of 5: z^2 = 3.841459; centre (0.6 + 3.841459/10)/(1 + 3.841459/5) = 0.984146/1.768292 = 0.556552;
-- half 1.959964 sqrt(0.24/5 + 3.841459/100)/1.768292 = 1.959964 * 0.293965/1.768292 = 0.325828. Confidence 5/15.
SELECT is(pg_temp.shown(pg_temp.m('eve') #> '{content,ctr}'), '0.600000 0.230724 0.882379 n 5 confidence 0.333333', 'click-through rate with its interval');
-- ratings 2, 4, 5: mean 11/3, deviations -5/3, 1/3, 4/3, sum of squares 42/9, sd sqrt(7/3) = 1.527525;
-- t(2) = 4.302653; half 4.302653 * 1.527525/sqrt(3) = 3.794579: 3.666667 -+ it lies outside of 1 to 5 at both ends
SELECT is(pg_temp.shown(pg_temp.m('eve') #> '{content,avg_rating}'), '3.666667 1.000000 5.000000 n 3 confidence 0.230769', 'mean rating; the interval ends where ratings end');
-- durations 1000, 3000, 5000, 0 (not -1, not of the card): mean 2250; deviations -1250, 750, 2750, -2250: squares 1562500 + 562500 + 7562500 + 5062500 = 14750000;
-- sd sqrt(14750000/3) = 2217.355783; t(3) = 3.182446; half 3.182446 * 2217.355783/2 = 3528.307859: below 0 there is no duration, above there is no limit
SELECT is(pg_temp.shown(pg_temp.m('eve') #> '{content,avg_engagement_time_ms}'), '2250.000000 0.000000 5778.307859 n 4 confidence 0.285714', 'mean duration');
SELECT is(pg_temp.m('eve') #>> '{content,ctr,version}' || ' ' || (pg_temp.m('eve') #>> '{content,ctr,method}') || ' ' || (pg_temp.m('eve') #>> '{content,ctr,reasons,0}'), 'recommendation-1 btwin 3 clicks on 5 recommendations', 'where it comes from');
-- two clicks that name nothing on one recommendation: it was clicked, not twice. Wilson, 1 of 1:
-- centre (1 + 1.920729)/(1 + 3.841459) , half 1.920729/4.841459: from 1/4.841459 = 0.206549 to 1
INSERT INTO content_recommendations (id, user_id, recommended_content_id, score, reasoning, created_at) VALUES ('c10', 'ann', 'k', 0.5, 'r', '2026-03-10 12:00+00');
INSERT INTO behavioral_events (id, user_id, event_type, event_data, timestamp) SELECT 'y' || g, 'ann', 'RECOMMENDATION_CLICKED', '{}', '2026-03-11 12:00+00' FROM generate_series(1, 2) g;
SELECT is(pg_temp.m('ann') #>> '{content,clicked_count}' || ' ' || pg_temp.shown(pg_temp.m('ann') #> '{content,ctr}'), '2 1.000000 0.206549 1.000000 n 1 confidence 0.090909', 'no more than all were clicked');

-- bob: durations 1 to 10 with performances, r by hand: x = 1..10, y = 10, 20, ..., 90, 40.
-- sum x 55, sum y 490, sum x^2 385, sum xy 10 * 285 + 400 = 3250, sum y^2 28500 + 1600 = 30100;
-- Sxy = 3250 - 55 * 49 = 555; Sxx = 82.5; Syy = 30100 - 24010 = 6090; r = 555/sqrt(502425) = 0.782992
INSERT INTO behavioral_events (id, user_id, event_type, event_data, timestamp, session_performance_score)
SELECT 'x' || g, 'bob', 'RECOMMENDATION_VIEWED', jsonb_build_object('durationMs', g), timestamptz '2026-03-10 00:00+00' + g * interval '1 hour', CASE WHEN g < 10 THEN 10 * g ELSE 40 END FROM generate_series(1, 9) g;
SELECT is(pg_temp.shown(pg_temp.m('bob') #> '{content,improvement_correlation}'), 'null insufficient_data - - n 9 confidence 0.000000', 'nine pairs are too few');
INSERT INTO behavioral_events (id, user_id, event_type, event_data, timestamp, session_performance_score) VALUES ('x10', 'bob', 'RECOMMENDATION_VIEWED', '{"durationMs": 10}', '2026-03-11 00:00+00', 40);
-- atanh r = 1.053057; 1.959964/sqrt(7) = 0.740797; tanh of 0.312260 and of 1.793854; confidence 10/20
SELECT is(pg_temp.shown(pg_temp.m('bob') #> '{content,improvement_correlation}'), '0.782992 0.302492 0.946166 n 10 confidence 0.500000', 'ten are not');
UPDATE behavioral_events SET session_performance_score = 10 * (event_data ->> 'durationMs')::int WHERE user_id = 'bob';
SELECT is(pg_temp.shown(pg_temp.m('bob') #> '{content,improvement_correlation}'), '1.000000 - - n 10 confidence 0.500000', 'a perfect one has no interval');
UPDATE behavioral_events SET session_performance_score = 10 WHERE user_id = 'bob';
SELECT is(pg_temp.shown(pg_temp.m('bob') #> '{content,improvement_correlation}'), 'null zero_variance - - n 10 confidence 0.500000', 'and where nothing varies there is none');
-- the sum of squares of ten times 0.1 is 1e-32, not 0, and that with anything else gives some correlation
UPDATE behavioral_events SET session_performance_score = extract(epoch FROM timestamp - '2026-03-10 00:00+00') / 3600, event_data = '{"durationMs": 0.1}' WHERE user_id = 'bob';
SELECT is(pg_temp.shown(pg_temp.m('bob') #> '{content,improvement_correlation}'), 'null zero_variance - - n 10 confidence 0.500000', 'nor where all durations are alike');
-- where rounding takes corr() to 1 + 2^-52: no more than 1
UPDATE behavioral_events SET session_performance_score = d, event_data = jsonb_build_object('durationMs', d * 0.1::float8)
FROM (SELECT substr('6442879714', n, 1)::int AS d, n FROM generate_series(1, 10) n) AS x WHERE user_id = 'bob' AND id = 'x' || n;
SELECT is(pg_temp.m('bob') #>> '{content,improvement_correlation,value}', '1', 'no more than 1');
UPDATE behavioral_events SET session_performance_score = 10 - session_performance_score WHERE user_id = 'bob';
SELECT is(pg_temp.m('bob') #>> '{content,improvement_correlation,value}', '-1', 'no less than -1');
SELECT is(pg_temp.m('bob') #> '{content,ctr,reason}', '"no_rows"', 'nothing was offered to bob');

-- behavioural advice to ann, week up to the moment (and r7 after it): r1, r2, r3, r6, r8 open; r4 applied on the 14th, r5 dismissed on the 12th
INSERT INTO applied_recommendations (id, user_id, recommendation_id, application_type, baseline_metrics, effectiveness, applied_at, evaluated_at) VALUES
    ('a1', 'ann', 'r4', 'MANUAL', '{}', 0.5, '2026-02-01 12:00+00', '2026-03-09 12:00+00'), ('a2', 'ann', 'r4', 'MANUAL', '{}', -0.25, '2026-02-01 12:00+00', '2026-03-16 12:00+00'),
    ('a3', 'ann', 'r4', 'MANUAL', '{}', 0.9, '2026-02-01 12:00+00', '2026-03-09 11:59:59.999999+00'), ('a4', 'ann', 'r4', 'MANUAL', '{}', 0.9, '2026-02-01 12:00+00', '2026-03-16 12:00:00.000001+00'),
    ('a5', 'ann', 'r4', 'MANUAL', '{}', NULL, '2000-01-01 00:00+00', '2026-03-10 12:00+00'), ('a6', 'ann', 'r4', 'MANUAL', '{}', NULL, '2026-03-10 12:00+00', NULL);
SELECT is((pg_temp.m('ann') -> 'behavioral') - 'effectiveness', '{"open_count": 5, "applied_count": 1, "dismissed_count": 1, "evaluated_count": 3}'::jsonb, 'advice: open, applied, dismissed, evaluated');
-- 0.5 and -0.25: mean 0.125, sd 0.75/sqrt(2) = 0.530330; t(1) = 12.706205 * 0.530330/sqrt(2) = 4.764827: wider than -1 to 1
SELECT is(pg_temp.shown(pg_temp.m('ann') #> '{behavioral,effectiveness}'), '0.125000 -1.000000 1.000000 n 2 confidence 0.166667', 'a decline counts as one');
SELECT is((pg_temp.m('ann', '7d', at::timestamptz) -> 'behavioral') - 'effectiveness' - 'evaluated_count', w::jsonb, at)
FROM (VALUES ('2026-03-14 12:00+00', '{"open_count": 4, "applied_count": 1, "dismissed_count": 1}'), ('2026-03-14 11:59:59.999999+00', '{"open_count": 5, "applied_count": 0, "dismissed_count": 1}'),
             ('2026-03-12 12:00+00', '{"open_count": 5, "applied_count": 0, "dismissed_count": 1}'), ('2026-03-12 11:59:59.999999+00', '{"open_count": 6, "applied_count": 0, "dismissed_count": 0}'),
             ('2026-03-21 12:00+00', '{"open_count": 6, "applied_count": 1, "dismissed_count": 0}'), ('2026-03-21 12:00:00.000001+00', '{"open_count": 6, "applied_count": 0, "dismissed_count": 0}'),
             ('2026-03-19 12:00+00', '{"open_count": 6, "applied_count": 1, "dismissed_count": 1}'), ('2026-03-19 12:00:00.000001+00', '{"open_count": 6, "applied_count": 1, "dismissed_count": 0}')) AS x (at, w);
UPDATE recommendations SET dismissed_at = NULL WHERE id = 'r5';
SELECT is(pg_temp.m('ann') #> '{behavioral,open_count}', '5', 'dismissed, nobody knows when');
UPDATE recommendations SET dismissed_at = '2026-03-16 12:00+00' WHERE id = 'r1';
SELECT is(pg_temp.m('ann') #> '{behavioral,open_count}', '4', 'dismissed, as its time says');
UPDATE recommendations SET dismissed_at = CASE id WHEN 'r5' THEN timestamptz '2026-03-12 12:00+00' END WHERE id IN ('r1', 'r5');
UPDATE applied_recommendations SET effectiveness = 0.5 WHERE id = 'a2';
SELECT is(pg_temp.shown(pg_temp.m('ann') #> '{behavioral,effectiveness}'), '0.500000 - - n 2 confidence 0.166667', 'two that are alike give no interval');

-- a read: no write, no path needed
SET btwin.user_id = 'eve';
SELECT md5(pg_temp.m('eve')::text) AS before \gset
SET default_transaction_read_only = on;
SET search_path = '';
SELECT pg_catalog.md5(btwin_api.recommendation_metrics(as_of => :t)::pg_catalog.text) AS after \gset
SELECT pg_catalog.count(*) AS n FROM btwin_api.recommendations(user_id => 'ann', as_of => :t) \gset
RESET search_path;
RESET default_transaction_read_only;
SELECT is(:'after' || ' ' || :n, :'before' || ' 5', 'read-only, with an empty path, the same answers');
SELECT * FROM finish();
