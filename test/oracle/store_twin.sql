-- What the store must say, worked out another way: from the tables of the
-- application alone, set by set over the whole history, one aggregate per family.
-- No day is kept, nothing is merged, no function of the store is called.
--
-- The caller has made views that show the raw tables under common names:
--   oracle.session (id, learner, at, duration_ms)
--   oracle.review (id, learner, card, session, at, ms, recalled)
--   oracle.event (id, learner, session, at, content, score)    of type SESSION_ENDED
--   oracle.load (learner, at, score)   oracle.mission (learner, at, status)
--   oracle.outcome (learner, at, arm, reward)
--   oracle.prediction (learner, predicted_at, recorded_at, outcome, features)

CREATE FUNCTION oracle.zone(learner text) RETURNS text
LANGUAGE sql STABLE AS $$
SELECT coalesce((SELECT l.time_zone FROM btwin.learner l WHERE l.user_id = learner), (SELECT a.default_time_zone FROM btwin.attachment a))
$$;

CREATE FUNCTION oracle.states(who text, as_of timestamptz)
RETURNS TABLE (family text, n_rows bigint, total float8, pattern btwin.pattern, forgetting btwin.forgetting, struggle btwin.logit_step,
               load btwin.load_baseline, burnout btwin.burnout, bandit btwin.bandit)
LANGUAGE sql STABLE AS $$
WITH learner AS MATERIALIZED (
    SELECT u.id, z.zone, ((as_of - interval '1 microsecond') AT TIME ZONE z.zone)::date AS last
    FROM app.users u CROSS JOIN LATERAL (SELECT oracle.zone(u.id) AS zone) z
    WHERE u.id = who AND (to_jsonb(u) ->> 'behavioral_analysis_enabled')::boolean
), sess AS MATERIALIZED (
    SELECT s.id, s.at, s.at AT TIME ZONE l.zone AS clock, (s.at AT TIME ZONE l.zone)::date AS day, s.duration_ms, l.last
    FROM learner l JOIN oracle.session s ON s.learner = l.id AND s.at < as_of
), ended AS (
    SELECT s.id, max(e.content) AS content, max(e.score) FILTER (WHERE e.score >= 0 AND e.score <= 100) / 100.0::float8 AS score
    FROM learner l JOIN oracle.event e ON e.learner = l.id AND e.at < as_of
    JOIN sess s ON s.id = e.session AND abs((e.at AT TIME ZONE l.zone)::date - s.day) <= 1
    GROUP BY s.id
), answers AS (
    SELECT s.id, r.at, r.ms, r.recalled
    FROM learner l JOIN oracle.review r ON r.learner = l.id AND r.at < as_of
    JOIN sess s ON s.id = r.session AND abs((r.at AT TIME ZONE l.zone)::date - s.day) <= 1
), answered AS (
    SELECT a.id, (count(*) FILTER (WHERE a.recalled))::float8 / count(*) AS score FROM answers a GROUP BY a.id
), scored AS (
    SELECT s.day, CASE WHEN s.at <> date_trunc('day', s.at AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' THEN date_part('hour', s.clock)::int END AS hour,
           date_part('dow', s.clock)::int AS weekday, e.content,
           CASE WHEN s.duration_ms BETWEEN 0 AND 86400000 THEN round(s.duration_ms / 60000.0)::int END AS minutes,
           coalesce(e.score, a.score) AS score, e.score IS NOT NULL AS reported
    FROM sess s LEFT JOIN ended e USING (id) LEFT JOIN answered a USING (id)
    WHERE (e.score IS NOT NULL OR a.score IS NOT NULL) AND s.last - s.day < 182
), habits AS (
    SELECT reported, count(*) AS n, sum(score) AS total, btwin.pattern_agg(hour, score, day) AS hours, btwin.pattern_agg(weekday, score, day) AS weekdays,
           btwin.pattern_agg(content, score, day) AS contents, btwin.pattern_agg(minutes, score, day) AS lengths
    FROM scored GROUP BY reported
), sets AS (
    SELECT s.id, s.duration_ms, btwin.cognitive_load_agg(a.at, a.ms, a.recalled) AS answers
    FROM sess s JOIN answers a ON a.id = s.id AND (a.ms IS NULL OR a.ms >= 0) GROUP BY s.id, s.duration_ms
), fact AS (
    SELECT (f.at AT TIME ZONE l.zone)::date AS day, f.*
    FROM learner l
    CROSS JOIN LATERAL (
        SELECT s.at, CASE WHEN s.duration_ms >= 0 AND s.duration_ms <= 90000000 THEN s.duration_ms END::float8 AS study, NULL::float8 AS load, NULL::float8 AS retention,
               NULL::int AS planned, NULL::int AS skipped, NULL::float8 AS performance, NULL::int AS running,
               CASE WHEN s.duration_ms >= 0 AND s.duration_ms <= 90000000 THEN NULL ELSE 1 END AS untimed FROM oracle.session s WHERE s.learner = l.id
        UNION ALL SELECT c.at, NULL, CASE WHEN c.score >= 0 AND c.score <= 100 THEN c.score END, NULL, NULL, NULL, NULL, NULL, NULL FROM oracle.load c WHERE c.learner = l.id
        UNION ALL SELECT r.at, NULL, NULL, r.recalled::int, NULL, NULL, NULL, NULL, NULL FROM oracle.review r WHERE r.learner = l.id
        UNION ALL SELECT m.at, NULL, NULL, NULL, 1, (m.status = 'SKIPPED')::int, NULL, (m.status = 'IN_PROGRESS')::int, NULL FROM oracle.mission m WHERE m.learner = l.id
        UNION ALL SELECT e.at, NULL, NULL, NULL, NULL, NULL, CASE WHEN e.score >= 0 AND e.score <= 100 THEN e.score END / 100.0, NULL, NULL FROM oracle.event e WHERE e.learner = l.id
    ) AS f
    WHERE f.at < as_of AND l.last - (f.at AT TIME ZONE l.zone)::date < 125
)
SELECT v.family, h.n, h.total, v.pattern, NULL::btwin.forgetting, NULL::btwin.logit_step, NULL::btwin.load_baseline, NULL::btwin.burnout, NULL::btwin.bandit
FROM habits h
CROSS JOIN LATERAL (VALUES ('hour', h.hours, true), ('weekday', h.weekdays, true), ('content', h.contents, true), ('length', h.lengths, true),
                           ('hour_answered', h.hours, false), ('weekday_answered', h.weekdays, false), ('length_answered', h.lengths, false))
     AS v (family, pattern, reported)
WHERE v.reported = h.reported
UNION ALL
SELECT 'forgetting', count(*), count(*) FILTER (WHERE r.recalled), NULL, btwin.forgetting_agg(r.card, r.at, r.recalled), NULL, NULL, NULL, NULL
FROM learner l JOIN oracle.review r ON r.learner = l.id AND r.at < as_of
HAVING count(*) > 0
UNION ALL
SELECT 'struggle', count(*), count(*) FILTER (WHERE p.outcome), NULL, NULL,
       btwin.logit_step_agg(btwin.struggle_model(), p.outcome,
           (SELECT array_agg(CASE WHEN jsonb_typeof(f.value) = 'number' AND f.value::text::numeric >= 0 AND f.value::text::numeric <= 1 THEN f.value::text::float8 END ORDER BY k.place)
            FROM unnest(ARRAY['retention_score', 'retention_decline_rate', 'review_lapse_rate', 'session_performance_score', 'validation_score',
                              'prerequisite_gap_count', 'prerequisite_mastery_gap', 'content_complexity', 'complexity_mismatch', 'historical_struggle_score',
                              'content_type_mismatch', 'cognitive_load_indicator', 'days_until_exam', 'days_since_last_study', 'workload_level'])
                 WITH ORDINALITY AS k (name, place)
            CROSS JOIN LATERAL (SELECT replace(initcap(replace(k.name, '_', ' ')), ' ', '')) AS c (name)
            CROSS JOIN LATERAL (SELECT coalesce(p.features -> k.name, p.features -> (lower(left(c.name, 1)) || substr(c.name, 2)))) AS f (value))),
       NULL, NULL, NULL
FROM learner l JOIN oracle.prediction p ON p.learner = l.id
WHERE p.outcome IS NOT NULL AND p.features IS NOT NULL AND p.recorded_at < as_of
  AND p.predicted_at >= p.recorded_at - interval '2880 hours' AND p.predicted_at < p.recorded_at + interval '2880 hours'
HAVING count(*) > 0
UNION ALL
SELECT 'load', count(*), sum(m.minutes), NULL, NULL, NULL, btwin.rollup(btwin.baseline(s.answers, m.minutes)), NULL, NULL
FROM sets s CROSS JOIN LATERAL (SELECT CASE WHEN s.duration_ms BETWEEN 0 AND 86400000 THEN s.duration_ms / 60000.0::float8 END) AS m (minutes)
HAVING count(*) > 0
UNION ALL
SELECT 'burnout', count(*), sum(f.study) / 60000.0, NULL, NULL, NULL, NULL,
       btwin.burnout_agg(f.day, f.study, f.load, f.retention, f.planned, f.skipped, f.performance, f.running, NULL, f.untimed), NULL
FROM fact f HAVING count(*) > 0
UNION ALL
SELECT 'bandit', count(*), sum(o.reward), NULL, NULL, NULL, NULL, NULL, btwin.bandit_agg(o.arm, o.reward)
FROM learner l JOIN oracle.outcome o ON o.learner = l.id AND o.at < as_of AND o.arm <> '' AND o.reward >= 0 AND o.reward <= 1
HAVING count(*) > 0
$$;

-- The numbers a state is read for, as (name, value).
CREATE FUNCTION oracle.numbers(family text, n_rows bigint, total float8, pattern btwin.pattern, forgetting btwin.forgetting, struggle btwin.logit_step,
                               load btwin.load_baseline, burnout btwin.burnout, bandit btwin.bandit, last date)
RETURNS TABLE (name text, value jsonb)
LANGUAGE sql STABLE AS $$
SELECT 'n_rows', to_jsonb(n_rows)
UNION ALL SELECT 'total', to_jsonb(total)
UNION ALL SELECT format('bucket %s %s', b.bucket, e.key), e.value FROM btwin.buckets(pattern) b CROSS JOIN LATERAL jsonb_each(to_jsonb(b)) e
UNION ALL SELECT format('window %s', e.key), e.value FROM btwin.best_window(pattern, 3) b CROSS JOIN LATERAL jsonb_each(to_jsonb(b)) e WHERE family LIKE 'hour%' AND pattern IS NOT NULL
UNION ALL SELECT format('best %s', e.key), e.value FROM btwin.best_bucket(pattern) b CROSS JOIN LATERAL jsonb_each(to_jsonb(b)) e WHERE family NOT LIKE 'length%' AND pattern IS NOT NULL
UNION ALL SELECT format('limit %s', e.key), e.value FROM btwin.best_limit(pattern) b CROSS JOIN LATERAL jsonb_each(to_jsonb(b)) e WHERE family LIKE 'length%' AND pattern IS NOT NULL
UNION ALL SELECT format('curve %s', e.key), e.value FROM btwin.curve(forgetting) c CROSS JOIN LATERAL jsonb_each(to_jsonb(c)) e WHERE forgetting IS NOT NULL
UNION ALL SELECT 'retention', to_jsonb(btwin.retention(forgetting, 7, 2, 1)) WHERE forgetting IS NOT NULL
UNION ALL SELECT format('point %s %s %s', p.successes, p.lapses, row_number() OVER (PARTITION BY p.successes, p.lapses ORDER BY p.elapsed_days)), jsonb_build_array(p.elapsed_days, p.reviews, p.recalled, p.rate)
          FROM btwin.points(forgetting) p
UNION ALL SELECT format('card %s', c.card_id), to_jsonb(c) FROM btwin.cards(forgetting) c
UNION ALL SELECT format('coefficient %s', c.position), jsonb_build_array(c.coefficient, c.standard_error) FROM btwin.coefficients(btwin.logit_next(struggle, btwin.struggle_model())) c
UNION ALL SELECT 'gradient', to_jsonb(btwin.gradient(struggle)) WHERE struggle IS NOT NULL
UNION ALL SELECT 'hessian', to_jsonb(btwin.hessian(struggle)) WHERE struggle IS NOT NULL
UNION ALL SELECT 'log loss', jsonb_build_array(btwin.log_loss(struggle), btwin.positive_rate(struggle), btwin.evidence_count(struggle)) WHERE struggle IS NOT NULL
UNION ALL SELECT format('baseline %s', e.key), e.value FROM btwin.baseline_summary(load) b CROSS JOIN LATERAL jsonb_each(to_jsonb(b)) e WHERE load IS NOT NULL
UNION ALL SELECT format('risk %s', e.key), e.value FROM btwin.risk(burnout, last) r CROSS JOIN LATERAL jsonb_each(to_jsonb(r)) e WHERE burnout IS NOT NULL
UNION ALL SELECT format('factor %s', f.factor), to_jsonb(f) FROM btwin.factors(burnout, last) f
UNION ALL SELECT format('signal %s', s.type), to_jsonb(s) FROM btwin.signals(burnout, last) s
UNION ALL SELECT format('day %s', d.day), to_jsonb(d) FROM btwin.days(burnout) d
UNION ALL SELECT format('arm %s', a.arm), to_jsonb(a) FROM btwin.arms(bandit) a
UNION ALL SELECT format('posterior %s', a.arm), to_jsonb(p) FROM btwin.arms(bandit) a CROSS JOIN LATERAL btwin.posterior(bandit, a.arm) p
$$;

-- Equal to 1e-9, relative from 1 on; anything that is no number must be the same.
CREATE FUNCTION oracle.same(a jsonb, b jsonb) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    IF a IS NOT DISTINCT FROM b THEN
        RETURN true;
    ELSIF a IS NULL OR b IS NULL OR jsonb_typeof(a) <> jsonb_typeof(b) THEN
        RETURN false;
    ELSIF jsonb_typeof(a) = 'number' THEN
        RETURN abs(a::numeric - b::numeric) <= 1e-9 * greatest(1, abs(a::numeric));
    ELSIF jsonb_typeof(a) = 'array' THEN
        RETURN jsonb_array_length(a) = jsonb_array_length(b)
           AND (SELECT bool_and(oracle.same(x.value, b -> (x.place::int - 1))) FROM jsonb_array_elements(a) WITH ORDINALITY x (value, place));
    ELSIF jsonb_typeof(a) = 'object' THEN
        RETURN (SELECT bool_and(oracle.same(x.value, y.value)) FROM jsonb_each(a) x FULL JOIN jsonb_each(b) y USING (key));
    END IF;
    RETURN false;
END
$$;

-- Where the store and the recomputation differ; all in the snapshot of the caller.
-- States that are the same to the last digit are not read number by number.
CREATE FUNCTION oracle.differences(learners text[], moments timestamptz[])
RETURNS TABLE (learner text, as_of timestamptz, family text, name text, stored jsonb, recomputed jsonb)
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
DECLARE
    moment timestamptz;
BEGIN
    FOREACH moment IN ARRAY moments LOOP
        RETURN QUERY
        SELECT p.learner, moment, p.family, n.name, n.stored, n.recomputed
        FROM (SELECT l.learner, o.family, o AS truth FROM unnest(learners) AS l (learner) CROSS JOIN LATERAL oracle.states(l.learner, moment) AS o) AS t
        FULL JOIN (SELECT s.user_id AS learner, s.family, s AS found FROM btwin.learner_states(learners, as_of => moment) AS s) AS f
             ON f.learner = t.learner AND f.family = t.family
        CROSS JOIN LATERAL (SELECT WHERE ((found).n_rows, (found).total, (found).pattern::text, (found).forgetting::text, (found).struggle::text,
                                          (found).load::text, (found).burnout::text, (found).bandit::text)
                                         IS DISTINCT FROM ((truth).n_rows, (truth).total, (truth).pattern::text, (truth).forgetting::text, (truth).struggle::text,
                                          (truth).load::text, (truth).burnout::text, (truth).bandit::text)) AS d
        CROSS JOIN LATERAL (SELECT coalesce(t.learner, f.learner) AS learner, coalesce(t.family, f.family) AS family) AS p
        CROSS JOIN LATERAL (SELECT ((moment - interval '1 microsecond') AT TIME ZONE oracle.zone(p.learner))::date AS day) AS last
        CROSS JOIN LATERAL (
            SELECT coalesce(a.name, b.name) AS name, a.value AS stored, b.value AS recomputed
            FROM (SELECT x.* FROM oracle.numbers(p.family, (found).n_rows, (found).total, (found).pattern, (found).forgetting, (found).struggle,
                                                 (found).load, (found).burnout, (found).bandit, last.day) AS x WHERE f.family IS NOT NULL) AS a
            FULL JOIN (SELECT x.* FROM oracle.numbers(p.family, (truth).n_rows, (truth).total, (truth).pattern, (truth).forgetting, (truth).struggle,
                                                      (truth).load, (truth).burnout, (truth).bandit, last.day) AS x WHERE t.family IS NOT NULL) AS b ON b.name = a.name
            WHERE NOT oracle.same(a.value, b.value)
        ) AS n;
    END LOOP;
END
$$;
