-- Burnout and stress: how far the last two weeks depart from normal, what that is
-- made of, and when study is hard.

INSERT INTO btwin.phrase (locale, key, phrase) VALUES
    ('en', 'burnout.CRITICAL.1',                            'Stop studying for three days.'),
    ('en', 'burnout.CRITICAL.2',                            'Begin no new material.'),
    ('en', 'burnout.CRITICAL.3',                            'Talk to somebody who can help: a tutor, a friend, a counsellor.'),
    ('en', 'burnout.HIGH.1',                                'Take a day of rest within the next 48 hours.'),
    ('en', 'burnout.HIGH.2',                                'Study half the usual hours.'),
    ('en', 'burnout.HIGH.3',                                'Only review what you know.'),
    ('en', 'burnout.MEDIUM.1',                              'Plan two days of rest for the next seven.'),
    ('en', 'burnout.MEDIUM.2',                              'Study 30 % less.'),
    ('en', 'burnout.MEDIUM.3',                              'Prefer easier topics.'),
    ('en', 'burnout.LOW.1',                                 'Go on as you do.'),
    ('en', 'burnout.LOW.2',                                 'Keep one day of rest a week.'),
    ('en', 'burnout.LOW.3',                                 'Keep an eye on the load of your sessions.'),
    ('en', 'burnout.factor.Study Intensity',                'Reduce daily hours by 25 to 50 %.'),
    ('en', 'burnout.factor.Chronic Cognitive Load',         'Take a break every 15 minutes.'),
    ('en', 'burnout.factor.Performance Decline',            'Go back to what the present topics build on.'),
    ('en', 'burnout.factor.Schedule Irregularity',          'Study at the same time every day.'),
    ('en', 'burnout.signal.CHRONIC_OVERLOAD',               'End a session when its load becomes high.'),
    ('en', 'burnout.signal.NO_RECOVERY',                    'Put a day without study into this week.'),
    ('en', 'burnout.plan.MANDATORY_REST.1',                 'No study for three days.'),
    ('en', 'burnout.plan.MANDATORY_REST.2',                 'No new material.'),
    ('en', 'burnout.plan.MANDATORY_REST.3',                 'After that at most 15 minutes of review a day.'),
    ('en', 'burnout.plan.WORKLOAD_REDUCTION.1',             'A day of rest within 48 hours.'),
    ('en', 'burnout.plan.WORKLOAD_REDUCTION.2',             'Half the study hours for three days.'),
    ('en', 'burnout.plan.WORKLOAD_REDUCTION.3',             'Review only.'),
    ('en', 'burnout.plan.WORKLOAD_REDUCTION.4',             'Sessions of 20 to 30 minutes.'),
    ('en', 'burnout.plan.WORKLOAD_REDUCTION.5',             'A break of 10 minutes after every 15.'),
    ('en', 'burnout.plan.SCHEDULE_ADJUSTMENT.1',            '30 % less study hours.'),
    ('en', 'burnout.plan.SCHEDULE_ADJUSTMENT.2',            'Two days of rest in seven.'),
    ('en', 'burnout.plan.SCHEDULE_ADJUSTMENT.3',            'Topics that are familiar.'),
    ('en', 'burnout.plan.SCHEDULE_ADJUSTMENT.4',            'A break every 25 minutes.'),
    ('en', 'burnout.plan.SCHEDULE_ADJUSTMENT.5',            'Sessions of 30 to 40 minutes.'),
    ('en', 'burnout.plan.CONTENT_SIMPLIFICATION.1',         'One day of rest, before it is needed.'),
    ('en', 'burnout.plan.CONTENT_SIMPLIFICATION.2',         'Three parts of review to two parts of new material.'),
    ('en', 'burnout.add_on.REDUCE_DAILY_INTENSITY',         '25 % less every day.'),
    ('en', 'burnout.add_on.PREREQUISITES_FIRST',            'Prerequisites before anything else.'),
    ('en', 'burnout.add_on.EASIER_CONTENT',                 'Easier material.'),
    ('en', 'burnout.add_on.TWO_LIGHT_DAYS',                 'Two light days.'),
    ('en', 'burnout.reason.Study Intensity',                'Hours of study: %s points.'),
    ('en', 'burnout.reason.Performance Decline',            'Results: %s points.'),
    ('en', 'burnout.reason.Chronic Cognitive Load',         'Cognitive load: %s points.'),
    ('en', 'burnout.reason.Schedule Irregularity',          'Missions skipped: %s points.'),
    ('en', 'burnout.reason.Engagement Decay',               'Engagement: %s points.'),
    ('en', 'burnout.reason.Recovery Deficit',               'Want of rest: %s points.'),
    ('en', 'burnout.warning.btwin.CHRONIC_OVERLOAD',        'The load of the last two weeks is above what is normal: %s on average.'),
    ('en', 'burnout.warning.btwin.PERFORMANCE_DROP',        'Results have fallen by %s points of 100.'),
    ('en', 'burnout.warning.btwin.ENGAGEMENT_LOSS',         '%s %% of what was planned is skipped, left open or rated low.'),
    ('en', 'burnout.warning.btwin.IRREGULAR_PATTERN',       '%s %% of planned missions are skipped.'),
    ('en', 'burnout.warning.btwin.NO_RECOVERY',             'Days of rest among the last seven: %s.'),
    ('en', 'burnout.warning.epic5.CHRONIC_OVERLOAD',        'Measurements of a load above 60: %s.'),
    ('en', 'burnout.warning.epic5.PERFORMANCE_DROP',        'Retention has fallen by %s %%.'),
    ('en', 'burnout.warning.epic5.ENGAGEMENT_LOSS',         'Missions skipped or not finished: %s.'),
    ('en', 'burnout.warning.epic5.IRREGULAR_PATTERN',       'Days of the last 14 without a mission kept: %s.'),
    ('en', 'burnout.warning.epic5.NO_RECOVERY',             'Measurements of the last seven days, none of a low load: %s.'),
    ('en', 'burnout.explain.btwin.Study Intensity',         'Hours a week: %s, normally %s.'),
    ('en', 'burnout.explain.btwin.Performance Decline',     'Results, 0 to 1: %s, normally %s.'),
    ('en', 'burnout.explain.btwin.Chronic Cognitive Load',  'Load, 0 to 100: %s, normally %s.'),
    ('en', 'burnout.explain.btwin.Schedule Irregularity',   'Share of missions skipped: %s, normally %s.'),
    ('en', 'burnout.explain.btwin.Engagement Decay',        'Share of missions, or of study time, given up: %s, normally %s.'),
    ('en', 'burnout.explain.btwin.Recovery Deficit',        'Days of rest in seven: %s, where %s are enough.'),
    ('en', 'burnout.explain.epic5.Study Intensity',         'Hours a week: %s.'),
    ('en', 'burnout.explain.epic5.Performance Decline',     'Relative fall of retention: %s.'),
    ('en', 'burnout.explain.epic5.Chronic Cognitive Load',  'Measurements above 60 a day: %s.'),
    ('en', 'burnout.explain.epic5.Schedule Irregularity',   'Missions skipped a day: %s.'),
    ('en', 'burnout.explain.epic5.Engagement Decay',        'Share of missions skipped or rated low: %s.'),
    ('en', 'burnout.explain.epic5.Recovery Deficit',        'Low loads among the last seven: %s.'),
    ('en', 'burnout.explain.unknown',                       'Not known: it counts nothing.'),
    ('en', 'burnout.explain.stored',                        'As stored with the assessment.'),
    ('en', 'burnout.explain.clamp',                         'What the stored score differs from the sum of its factors.'),
    ('en', 'stress.exam',                                   'The week before an exam');

-- Burnout (2.20)

CREATE FUNCTION btwin._burnout_parts(learner text, method text, moment timestamptz,
    OUT zone text, OUT day date, OUT row_count integer, OUT factors jsonb, OUT state btwin.burnout,
    OUT minutes float8[], OUT retention float8[], OUT retention_at timestamptz[], OUT loads float8[], OUT load_at timestamptz[], OUT load_days date[],
    OUT statuses text[], OUT mission_at timestamptz[], OUT ratings integer[])
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 1000
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan
AS $burnout_parts$
DECLARE
    since timestamptz := moment - interval '336 hours';
BEGIN
    zone := btwin._zone(learner);
    -- the moment itself does not count: the day of the one before it
    day := ((moment - interval '1 microsecond') AT TIME ZONE zone)::date;
    IF method = 'btwin' THEN
        state := btwin.learner_burnout(learner, moment);
        SELECT jsonb_agg(jsonb_build_object('factor', f.factor, 'value', f.value, 'normal', f.normal, 'score', f.score, 'weight', f.weight,
                                            'percentage', 100 * f.weight, 'contribution', f.contribution, 'severity', f.severity) ORDER BY f.place)
        INTO factors
        FROM btwin.factors(state, day) WITH ORDINALITY AS f (factor, value, normal, score, low, high, weight, contribution, severity, confidence, place);
        RETURN;
    END IF;

    minutes := ARRAY(SELECT greatest(0, least(1500, coalesce(s.duration_ms, 0) / 60000.0::float8))
                     FROM btwin.study_sessions_window(learner, since, moment) AS s
                     WHERE s.completed_at <= moment ORDER BY s.started_at, s.id);
    SELECT coalesce(array_agg(p.retention_score), '{}'), coalesce(array_agg(p.date), '{}') INTO retention, retention_at
    FROM (SELECT m.retention_score, m.date FROM btwin.performance_metrics_window(learner, since, moment) AS m
          WHERE m.retention_score BETWEEN 0 AND 1 ORDER BY m.date, m.id) AS p;
    SELECT coalesce(array_agg(c.load_score), '{}'), coalesce(array_agg(c.timestamp), '{}'), coalesce(array_agg((c.timestamp AT TIME ZONE zone)::date), '{}')
    INTO loads, load_at, load_days
    FROM (SELECT l.load_score, l.timestamp FROM btwin.cognitive_load_metrics_window(learner, since, moment) AS l
          WHERE l.load_score BETWEEN 0 AND 100 ORDER BY l.timestamp, l.id) AS c;
    -- what was completed later was not yet, and not yet rated
    SELECT coalesce(array_agg(CASE WHEN d.is_later THEN CASE WHEN d.actual_start_time <= moment THEN 'IN_PROGRESS' ELSE 'PENDING' END ELSE d.status END), '{}'),
           coalesce(array_agg(d.date), '{}'),
           coalesce(array_agg(CASE WHEN d.difficulty_rating BETWEEN 1 AND 5 AND d.is_later IS NOT TRUE THEN d.difficulty_rating END), '{}')
    INTO statuses, mission_at, ratings
    FROM (SELECT m.status, m.date, m.difficulty_rating, m.actual_start_time, m.completed_at > moment AS is_later
          FROM btwin.missions_window(learner, since, moment) AS m ORDER BY m.date, m.id) AS d;
    row_count := cardinality(minutes) + cardinality(retention) + cardinality(loads) + cardinality(statuses);
    IF row_count > 0 THEN
        SELECT jsonb_agg(jsonb_build_object('factor', f.factor, 'value', f.value, 'normal', NULL, 'score', f.score, 'weight', f.weight,
                                            'percentage', f.percentage, 'contribution', f.contribution, 'severity', f.severity) ORDER BY f.place)
        INTO factors
        FROM btwin.epic5_burnout_factors(minutes, retention, loads, load_days, statuses, ratings)
             WITH ORDINALITY AS f (factor, value, score, weight, percentage, contribution, severity, place);
    END IF;
END
$burnout_parts$;
COMMENT ON FUNCTION btwin._burnout_parts(text, text, timestamptz) IS
'Internal: what the burnout risk of a learner is worked out from: for btwin the state, for epic5 the rows of 14 days; and its factors, NULL where there is no score.';

CREATE FUNCTION btwin._burnout(learner text, method text, moment timestamptz, risk_only boolean DEFAULT false) RETURNS jsonb
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 5000
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan
AS $burnout$
DECLARE
    parts       record := btwin._burnout_parts(learner, method, moment);
    version     text := CASE method WHEN 'btwin' THEN 'burnout-1' ELSE 'epic5-1' END;
    risk        record;
    score       jsonb;
    signals     jsonb;
    reasons     text[];
    advice_keys text[];
    plan        jsonb;
    recovery    jsonb;
    last        record;
BEGIN
    IF method = 'btwin' THEN
        SELECT r.score, r.low, r.high, r.level, r.confidence, coalesce(r.evidence_days, 0) AS evidence, coalesce(r.reason, 'no_rows') AS reason INTO risk
        FROM btwin.risk(parts.state, parts.day) AS r;
    ELSIF parts.factors IS NULL THEN
        SELECT NULL::float8 AS score, NULL::float8 AS low, NULL::float8 AS high, NULL::text AS level, NULL::float8 AS confidence, 0 AS evidence, 'no_rows' AS reason INTO risk;
    ELSE
        SELECT r.score, NULL::float8 AS low, NULL::float8 AS high, r.level, r.confidence, parts.row_count AS evidence, NULL::text AS reason INTO risk
        FROM btwin.epic5_burnout(parts.minutes, parts.retention, parts.loads, parts.load_days, parts.statuses, parts.ratings) AS r;
    END IF;
    SELECT array_agg(format(t.phrase, p.points) ORDER BY f.contribution DESC, f.factor) INTO reasons
    FROM jsonb_to_recordset(parts.factors) AS f (factor text, contribution float8)
    CROSS JOIN LATERAL (SELECT round(f.contribution::numeric, 1) AS points) AS p
    JOIN btwin._phrase_rows(ARRAY(SELECT 'burnout.reason.' || n.factor FROM jsonb_to_recordset(parts.factors) AS n (factor text))) AS t
         ON t.key = 'burnout.reason.' || f.factor
    WHERE p.points > 0;
    score := btwin._score(risk.score, risk.low, risk.high, risk.confidence, risk.evidence, method, version, moment, reasons, risk.reason);
    IF risk_only THEN
        RETURN jsonb_build_object('risk', score, 'risk_level', risk.level);
    END IF;

    IF method = 'btwin' THEN
        SELECT jsonb_agg(jsonb_build_object('type', s.type, 'severity', s.severity, 'value', s.value,
                                            'first_detected_at', btwin._day_start(s.first_detected, parts.zone)) ORDER BY s.place) INTO signals
        FROM btwin.signals(parts.state, parts.day) WITH ORDINALITY AS s (type, severity, value, first_detected, confidence, place);
    ELSIF parts.factors IS NOT NULL THEN
        SELECT jsonb_agg(jsonb_build_object('type', s.type, 'severity', s.severity, 'value', s.value, 'first_detected_at', s.first_detected_at) ORDER BY s.place) INTO signals
        FROM btwin.epic5_burnout_signals(parts.loads, parts.load_at, parts.retention, parts.retention_at, parts.statuses, parts.mission_at, moment)
             WITH ORDINALITY AS s (type, severity, value, first_detected_at, place);
    END IF;
    -- level, then what is high among the factors, then among the signals
    advice_keys := ARRAY(SELECT 'burnout.' || risk.level || '.' || n FROM generate_series(1, 3) AS n ORDER BY n)
                || ARRAY(SELECT 'burnout.factor.' || (f.element ->> 'factor') FROM jsonb_array_elements(parts.factors) WITH ORDINALITY AS f (element, place)
                         WHERE f.element ->> 'severity' IN ('HIGH', 'CRITICAL') ORDER BY f.place)
                || ARRAY(SELECT 'burnout.signal.' || (s.element ->> 'type') FROM jsonb_array_elements(signals) WITH ORDINALITY AS s (element, place)
                         WHERE s.element ->> 'severity' = 'HIGH' ORDER BY s.place);
    SELECT a.id, a.risk_score, a.risk_level, a.assessment_date INTO last
    FROM btwin.burnout_risk_assessments_window(learner, moment - interval '336 hours', moment) AS a
    WHERE a.risk_score BETWEEN 0 AND 100 ORDER BY a.assessment_date DESC, a.id DESC;    -- INTO takes the first
    IF risk.score IS NOT NULL THEN
        SELECT jsonb_build_object('type', i.type, 'recovery_days', i.recovery_days,
                                  'actions', to_jsonb(btwin._phrases(ARRAY(SELECT 'burnout.plan.' || i.type || '.' || n FROM generate_series(1, 5) AS n)
                                                                     || ARRAY(SELECT 'burnout.add_on.' || a.name FROM unnest(i.add_ons) WITH ORDINALITY AS a (name, place) ORDER BY a.place))))
        INTO plan
        FROM btwin.epic5_burnout_intervention(risk.level, ARRAY(SELECT coalesce((f.element ->> 'score')::float8, 0)
                                                                FROM jsonb_array_elements(parts.factors) WITH ORDINALITY AS f (element, place) ORDER BY f.place)) AS i;
        -- today's is what this one takes the place of
        SELECT to_jsonb(r) INTO recovery
        FROM (SELECT a.risk_score, a.assessment_date
              FROM btwin.burnout_risk_assessments_window(learner, moment - interval '336 hours', btwin._day_start(parts.day, parts.zone)) AS a
              WHERE a.risk_score BETWEEN 0 AND 100 ORDER BY a.assessment_date DESC, a.id DESC LIMIT 1) AS p
        CROSS JOIN LATERAL btwin.epic5_burnout_recovery(p.risk_score, p.assessment_date, risk.score, moment, risk.level) AS r;
    END IF;

    RETURN jsonb_build_object(
        'risk', score,
        'risk_score', risk.score,
        'risk_level', risk.level,
        'contributing_factors', coalesce((SELECT jsonb_agg(f.element - '{value,normal}'::text[] ORDER BY f.place)
                                          FROM jsonb_array_elements(parts.factors) WITH ORDINALITY AS f (element, place)), '[]'),
        'warning_signals', coalesce((SELECT jsonb_agg(jsonb_build_object('type', s.type, 'detected', true, 'severity', s.severity,
                                         'description', format(t.phrase, trim_scale(round((s.value * CASE WHEN s.type = 'PERFORMANCE_DROP'
                                                                    OR method = 'btwin' AND s.type IN ('ENGAGEMENT_LOSS', 'IRREGULAR_PATTERN') THEN 100 ELSE 1 END)::numeric, 1))),
                                         'first_detected_at', s.first_detected_at) ORDER BY t.place)
                                     FROM jsonb_to_recordset(signals) AS s (type text, severity text, value float8, first_detected_at timestamptz)
                                     JOIN btwin._phrase_rows(ARRAY(SELECT 'burnout.warning.' || method || '.' || (e.element ->> 'type')
                                                                   FROM jsonb_array_elements(signals) WITH ORDINALITY AS e (element, place) ORDER BY e.place)) AS t
                                          ON t.key = 'burnout.warning.' || method || '.' || s.type), '[]'),
        'recommendations', to_jsonb(btwin._phrases(advice_keys)),
        'intervention_plan', plan,
        'assessment_date', moment,
        'confidence', risk.confidence,
        'last_assessment', CASE WHEN last.id IS NOT NULL THEN jsonb_build_object('id', last.id, 'risk_score', last.risk_score, 'risk_level', last.risk_level,
                                                                                 'assessment_date', last.assessment_date) END,
        'recovery', recovery,
        'metadata', jsonb_build_object('analysis_window_days', 14, 'algorithm', version,
                                       'weights', (SELECT jsonb_object_agg(replace(lower(f.factor), ' ', '_'), f.weight) FROM btwin.epic5_burnout_factors() AS f)));
END
$burnout$;
COMMENT ON FUNCTION btwin._burnout(text, text, timestamptz, boolean) IS
'Internal: what burnout_risk() answers, and an assessment stores; risk_only: of that the keys risk and risk_level.';

CREATE FUNCTION btwin_api.burnout_risk(user_id text DEFAULT NULL, method_is text DEFAULT 'btwin', as_of timestamptz DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER COST 5000
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan
AS $burnout_risk$
DECLARE
    checked boolean;
    moment  timestamptz := btwin._moment(burnout_risk.as_of);
    learner text;
BEGIN
    checked := btwin._check_method(burnout_risk.method_is);
    learner := btwin._caller(burnout_risk.user_id);
    RETURN btwin._burnout(learner, burnout_risk.method_is, moment);
END
$burnout_risk$;
COMMENT ON FUNCTION btwin_api.burnout_risk(text, text, timestamptz) IS
'Risk of burnout
user_id: learner, by default the caller. method_is: btwin (the last 14 days against the learner''s own 56 before, continuous) or epic5 (the steps of the reference application). as_of: moment, by default now. It stores nothing.
Keys: risk (score document, 0 to 100; low and high with btwin; evidence_count: btwin days with rows, epic5 rows), risk_score (the same number), risk_level (LOW below 25, MEDIUM below 50, HIGH below 75, else CRITICAL; with btwin a level falls only 5 points below its limit and rests on 3, 5 and 7 days), contributing_factors (six: factor, score 0 to 100, weight 0 to 1, percentage 0 to 100, contribution in points, severity; contributions sum to risk_score, what is not known has score null and weight 0), warning_signals (type, detected, severity MEDIUM or HIGH, description, first_detected_at; only those that are detected), recommendations (texts), intervention_plan (type, recovery_days, actions), assessment_date, confidence (0 to 1), last_assessment (id, risk_score, risk_level, assessment_date: the newest stored one of 14 days, else null), recovery (days_since_intervention, risk_score_change in points, recovery_progress 0 to 1, is_recovered: against the newest stored one of 14 days before today, else null), metadata (analysis_window_days, algorithm, weights). Without a score risk.value is null with reason no_rows or insufficient_data, lists are empty and plan and recovery null.
Errors: PT400 missing_argument, not_allowed_value, out_of_range, user_required, not_attached; PT403 no_claim, forbidden, analysis_disabled; PT404 unknown_learner.
Source: Epic 5 domain model, 2.20. Reads study_sessions, missions, cognitive_load_metrics, burnout_risk_assessments; with btwin the store of 125 days, reviews and behavioral_events, with epic5 performance_metrics; btwin.learner.';

CREATE FUNCTION btwin_api.explain_burnout(user_id text DEFAULT NULL, assessment_id text DEFAULT NULL, method_is text DEFAULT 'btwin', as_of timestamptz DEFAULT NULL)
RETURNS TABLE (factor text, value float8, weight float8, contribution float8, contribution_logit float8, description text, is_base boolean, version text)
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER COST 1000 ROWS 6
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan
AS $explain_burnout$
#variable_conflict use_column
DECLARE
    checked boolean;
    moment  timestamptz := btwin._moment(explain_burnout.as_of);
    learner text;
    rule    text := explain_burnout.method_is;
    stored  record;
    parts   record;
BEGIN
    checked := btwin._check_method(rule);
    learner := btwin._caller(explain_burnout.user_id);
    IF explain_burnout.assessment_id IS NULL THEN
        parts := btwin._burnout_parts(learner, rule, moment);
        RETURN QUERY
        SELECT f.factor, f.score, f.weight, f.contribution, NULL::float8,
               format(t.phrase, trim_scale(round(f.value::numeric, 2)), trim_scale(round(f.normal::numeric, 2))), false,
               CASE rule WHEN 'btwin' THEN 'burnout-1' ELSE 'epic5-1' END
        FROM jsonb_to_recordset(parts.factors) AS f (factor text, value float8, normal float8, score float8, weight float8, contribution float8)
        CROSS JOIN LATERAL (SELECT CASE WHEN f.value IS NULL THEN 'burnout.explain.unknown' ELSE 'burnout.explain.' || rule || '.' || f.factor END AS key) AS k
        JOIN btwin._phrase_rows(ARRAY(SELECT 'burnout.explain.' || rule || '.' || n.factor FROM jsonb_to_recordset(parts.factors) AS n (factor text))
                                || ARRAY['burnout.explain.unknown']) AS t ON t.key = k.key
        ORDER BY abs(f.contribution) DESC, f.factor;
        RETURN;
    END IF;

    SELECT a.id, a.risk_score, a.contributing_factors, p.version INTO stored
    FROM btwin.burnout_risk_assessments a
    LEFT JOIN btwin.provenance p ON p.user_id = learner AND p.kind = 'burnout_risk_assessments' AND p.id = a.id
    -- among the learner's rows, not by the key: a row of somebody else is not read
    WHERE a.user_id = learner AND a.id IS NOT DISTINCT FROM explain_burnout.assessment_id AND a.assessment_date <= moment;
    IF NOT FOUND THEN
        PERFORM btwin._refuse_foreign();
    END IF;
    IF stored.risk_score NOT BETWEEN 0 AND 100 THEN
        RETURN;
    END IF;
    RETURN QUERY
    WITH part AS (
        SELECT e.element ->> 'factor' AS factor, n.score, n.weight, coalesce(n.contribution, n.weight * n.score, 0) AS contribution
        FROM jsonb_array_elements(CASE jsonb_typeof(stored.contributing_factors) WHEN 'array' THEN stored.contributing_factors ELSE '[]' END) AS e (element)
        CROSS JOIN LATERAL (SELECT btwin._json_number(e.element -> 'score', 0, 100) AS score,
                                   coalesce(btwin._json_number(e.element -> 'weight', 0, 1), btwin._json_number(e.element -> 'percentage', 0, 100) / 100) AS weight,
                                   btwin._json_number(e.element -> 'contribution', 0, 100) AS contribution) AS n
        WHERE jsonb_typeof(e.element -> 'factor') = 'string'
    ), whole AS (
        SELECT p.factor, p.score, p.weight, p.contribution, 'burnout.explain.stored' AS key FROM part AS p
        UNION ALL
        SELECT 'clamp', NULL, NULL, r.rest, 'burnout.explain.clamp'
        FROM (SELECT stored.risk_score - coalesce(sum(p.contribution), 0) AS rest FROM part AS p) AS r WHERE abs(r.rest) > 1e-9
    )
    SELECT w.factor, w.score, w.weight, w.contribution, NULL::float8, t.phrase, false, stored.version
    FROM whole AS w JOIN btwin._phrase_rows('{burnout.explain.stored,burnout.explain.clamp}') AS t ON t.key = w.key
    ORDER BY abs(w.contribution) DESC, w.factor;
END
$explain_burnout$;
COMMENT ON FUNCTION btwin_api.explain_burnout(text, text, text, timestamptz) IS
'What the risk of burnout is made of
user_id: learner, by default the caller. assessment_id: a stored assessment; null: the risk as burnout_risk() answers it. method_is: btwin or epic5, without an assessment. as_of: moment, by default now.
Rows in the order of abs(contribution) descending, factor. The contributions sum to risk_score to 1e-9; no rows where there is no score.
Columns: factor (one of six; clamp: what a stored score differs from the sum), value (score of the factor, 0 to 100, null where not known), weight (0 to 1), contribution (points = weight * value), contribution_logit (null, other explanations have it), description (text), is_base (false), version (of the rule; null for an assessment of the application).
Errors: PT400 missing_argument, not_allowed_value, out_of_range, user_required, not_attached; PT403 no_claim, forbidden (also for an assessment that is not the learner''s), analysis_disabled; PT404 unknown_learner, unknown_id.
Source: Epic 5 domain model, 2.20. Reads what burnout_risk() reads, or the one row of burnout_risk_assessments and btwin.provenance.';

-- Stress (2.36)

CREATE FUNCTION btwin._stressors(learner text, moment timestamptz, OUT measured integer, OUT stressors jsonb)
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 2000
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan
AS $stressors$
DECLARE
    zone        text := btwin._zone(learner);
    since       timestamptz := moment - interval '4368 hours';
    exams       timestamptz[];
BEGIN
    -- exams that were entered by then
    exams := ARRAY(SELECT e.date FROM btwin.exams_window(learner, since, 'infinity') AS e WHERE e.created_at <= moment ORDER BY e.date);
    WITH load AS MATERIALIZED (
        SELECT l.session_id, l.load_score FROM btwin.cognitive_load_metrics_window(learner, since, moment) AS l WHERE l.load_score BETWEEN 0 AND 100
    ), session AS MATERIALIZED (
        -- put together by grouping: no join that the planner could do row by row
        SELECT u.id, max(u.started_at) AS started_at, max(u.mission_id) AS mission_id, avg(u.load_score) AS mean
        FROM (SELECT l.session_id AS id, NULL::timestamptz AS started_at, NULL::text AS mission_id, l.load_score FROM load AS l
              UNION ALL
              SELECT s.id, s.started_at, s.mission_id, NULL FROM btwin.study_sessions_window(learner, since, moment) AS s) AS u
        GROUP BY u.id HAVING count(u.load_score) > 0 AND count(u.started_at) > 0
    ), objective AS (
        SELECT coalesce(e.element ->> 'objectiveId', e.element ->> 'id') AS id, array_agg(s.id) AS session_ids, array_agg(s.mean) AS means
        FROM session AS s
        JOIN btwin.missions m ON m.id = s.mission_id AND m.user_id = learner
        CROSS JOIN LATERAL jsonb_array_elements(CASE jsonb_typeof(m.objectives) WHEN 'array' THEN m.objectives ELSE '[]' END) AS e (element)
        GROUP BY 1
    ), topic AS (
        -- a session is of every course of its mission
        SELECT DISTINCT x.session_id, x.mean, c.id, c.name
        FROM objective AS b
        JOIN btwin.learning_objectives o ON o.id = b.id
        JOIN btwin.lectures v ON v.id = o.lecture_id
        JOIN btwin.courses c ON c.id = v.course_id AND c.user_id = learner
        CROSS JOIN LATERAL unnest(b.session_ids, b.means) AS x (session_id, mean)
    ), part AS (
        SELECT 'TOPIC' AS type, t.id AS key, t.name AS label, avg(t.mean) AS mean, count(*) AS n, least(0.95, count(*) / 10.0)::float8 AS confidence, 65 AS above
        FROM topic AS t GROUP BY t.id, t.name
        UNION ALL
        SELECT 'HOUR', h.hour::text, to_char(h.hour, 'FM00') || ':00', avg(h.mean), count(*), least(0.9, count(*) / 15.0)::float8, 60
        FROM (SELECT extract(hour FROM s.started_at AT TIME ZONE zone)::int AS hour, s.mean FROM session AS s) AS h GROUP BY h.hour
        UNION ALL
        SELECT 'EXAM_PROXIMITY', 'week', btwin._phrase_of('stress.exam'), avg(s.mean), count(*), least(0.85, count(*) / 10.0)::float8, 70
        FROM session AS s WHERE EXISTS (SELECT FROM unnest(exams) AS e (date) WHERE e.date >= s.started_at AND e.date <= s.started_at + interval '168 hours')
    )
    -- 0.6 needs more sessions than the 3, 5 and 3 of the rule
    SELECT (SELECT count(*) FROM load),
           (SELECT jsonb_agg(jsonb_build_object('type', p.type, 'key', p.key, 'label', p.label, 'mean_load', p.mean, 'session_count', p.n, 'confidence', p.confidence)
                             ORDER BY p.mean DESC, p.label, p.type, p.key)
            FROM part AS p WHERE p.mean > p.above AND p.confidence >= 0.6)
    INTO measured, stressors;
    stressors := coalesce(stressors, '[]');
END
$stressors$;
COMMENT ON FUNCTION btwin._stressors(text, timestamptz) IS
'Internal: loads of 182 days that were measured, and what is hard by them: a list of objects as in stressors of btwin_api.stress_profile(), with key: the course, the hour, or week.';

CREATE FUNCTION btwin_api.stress_profile(user_id text DEFAULT NULL, as_of timestamptz DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER COST 2000
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan
AS $stress_profile$
DECLARE
    moment      timestamptz := btwin._moment(stress_profile.as_of);
    learner     text := btwin._caller(stress_profile.user_id);
    measured    integer;
    stressors   jsonb;
    stored      jsonb;
    profile     record;
    source      record;
    tolerance   float8;
    recovery    float8;
BEGIN
    SELECT f.measured, f.stressors INTO measured, stressors FROM btwin._stressors(learner, moment) AS f;
    SELECT jsonb_agg(jsonb_build_object('id', p.id, 'pattern_data', p.pattern_data, 'confidence', p.confidence, 'detected_at', p.detected_at)
                     ORDER BY p.confidence DESC, p.detected_at DESC, p.id)
    INTO stored
    FROM (SELECT r.id, r.pattern_data, r.confidence, r.detected_at FROM btwin.stress_response_patterns_window(learner, '2000-01-01 00:00+00', moment) AS r
          WHERE r.confidence BETWEEN 0 AND 1
          ORDER BY r.confidence DESC, r.detected_at DESC, r.id LIMIT 50) AS p;
    SELECT u.id, u.learning_style_profile AS style, u.learning_style_profile -> 'stressProfile' AS stress,
           CASE WHEN u.data_quality_score BETWEEN 0 AND 1 THEN btwin._plain_number(u.data_quality_score) END AS quality INTO profile
    FROM btwin.user_learning_profiles u WHERE u.user_id = learner;
    SELECT p.* INTO source FROM btwin.provenance p WHERE p.user_id = learner AND p.kind = 'user_learning_profiles' AND p.id = profile.id;
    tolerance := btwin._json_number(profile.style -> 'loadTolerance', 0, 100);
    recovery := btwin._json_number(profile.stress -> 'avgRecoveryTime', 0, 8760);
    RETURN jsonb_build_object(
        'stressors', (SELECT coalesce(jsonb_agg(e.element - 'key' ORDER BY e.place), '[]') FROM jsonb_array_elements(stressors) WITH ORDINALITY AS e (element, place)),
        'load_tolerance', CASE WHEN tolerance IS NULL
            THEN btwin._score(65, NULL, NULL, 0, 0, 'btwin', 'stress-1', moment, NULL) || '{"reason": "default_used"}'
            ELSE btwin._score(tolerance, NULL, NULL, profile.quality, source.evidence_count, coalesce(source.method, 'application'), source.version, source.computed_for, NULL) END,
        'avg_recovery_hours', CASE WHEN recovery IS NULL
            THEN btwin._score(24, NULL, NULL, 0, 0, 'btwin', 'stress-1', moment, NULL) || '{"reason": "default_used"}'
            ELSE btwin._score(recovery, NULL, NULL, profile.quality, source.evidence_count, coalesce(source.method, 'application'), source.version, source.computed_for, NULL) END,
        'coping_strategies', coalesce((SELECT jsonb_agg(e.element ORDER BY e.place)
                                       FROM jsonb_array_elements(CASE jsonb_typeof(profile.stress -> 'copingStrategies') WHEN 'array' THEN profile.stress -> 'copingStrategies' ELSE '[]' END)
                                            WITH ORDINALITY AS e (element, place) WHERE jsonb_typeof(e.element) = 'string'), '[]'),
        'profile_confidence', CASE WHEN profile.id IS NULL THEN 0
                                   ELSE 0.5 * coalesce(profile.quality, 0) + 0.3 * least(1, measured / 100.0::float8) + 0.2 * least(1, coalesce(jsonb_array_length(stored), 0) / 10.0::float8) END,
        'stored_patterns', coalesce(stored, '[]'));
END
$stress_profile$;
COMMENT ON FUNCTION btwin_api.stress_profile(text, timestamptz) IS
'When and where study is hard
user_id: learner, by default the caller. as_of: moment, by default now.
Keys: stressors (type TOPIC, HOUR or EXAM_PROXIMITY; label: course, hour of the learner''s clock, the week before an exam; mean_load 0 to 100 over sessions of 182 days; session_count; confidence 0.6 to 0.95; by mean_load descending, label), load_tolerance (score document, 0 to 100), avg_recovery_hours (score document, hours), coping_strategies (texts of the profile), profile_confidence (0 to 1: 0.5 data quality + 0.3 measurements/100 + 0.2 stored patterns/10, each part at most 1; 0 without a profile), stored_patterns (id, pattern_data, confidence 0 to 1, detected_at; the 50 surest). Tolerance and recovery are those of the profile; where it has none 65 and 24 with reason default_used and confidence 0.
Errors: PT400 out_of_range, user_required, not_attached; PT403 no_claim, forbidden, analysis_disabled; PT404 unknown_learner.
Source: Epic 5 domain model, 2.36. Reads cognitive_load_metrics, study_sessions, missions, exams, learning_objectives, lectures, courses, user_learning_profiles, stress_response_patterns, btwin.provenance, btwin.learner.';
