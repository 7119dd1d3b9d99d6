-- What is personalized for a learner, what was, and what it did.

CREATE FUNCTION btwin_api.personalization_preferences(user_id text DEFAULT NULL, as_of timestamptz DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 1000
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan
AS $personalization_preferences$
DECLARE
    checked boolean;
    learner text;
    answer  jsonb;
BEGIN
    checked := btwin._moment(personalization_preferences.as_of) IS NOT NULL;
    learner := btwin._caller(personalization_preferences.user_id, gated => false);
    SELECT jsonb_build_object(
               'personalization_level', coalesce(p.personalization_level, 'MEDIUM'),
               'mission_personalization_enabled', coalesce(p.mission_personalization_enabled, true),
               'content_personalization_enabled', coalesce(p.content_personalization_enabled, true),
               'assessment_personalization_enabled', coalesce(p.assessment_personalization_enabled, true),
               'session_personalization_enabled', coalesce(p.session_personalization_enabled, true),
               'auto_adapt_enabled', coalesce(p.auto_adapt_enabled, true),
               'disabled_features', coalesce(p.disabled_features, '{}'),
               'updated_at', p.updated_at,
               'is_default', p.id IS NULL)
    INTO answer
    FROM (SELECT) AS one LEFT JOIN btwin.personalization_preferences p ON p.user_id = learner;
    RETURN answer;
END
$personalization_preferences$;
COMMENT ON FUNCTION btwin_api.personalization_preferences(text, timestamptz) IS
'What a learner wants personalized.
A document; it also answers where analysis is switched off.
Arguments. user_id: learner, default the caller. as_of: checked like everywhere; preferences have no history and are read as they are.
Keys. personalization_level: NONE, LOW, MEDIUM, HIGH; mission_personalization_enabled, content_personalization_enabled, assessment_personalization_enabled, session_personalization_enabled, auto_adapt_enabled: true or false; disabled_features: names; updated_at: NULL where nothing was ever set; is_default: nothing was ever set, the answer is MEDIUM and all true.
Errors: PT400 out_of_range, user_required; PT403 no_claim, forbidden; PT404 unknown_learner.
Epic 5 domain model, 3.2 (19). Reads personalization_preferences.';

-- Inlined by the planner into the statements that read it: no SET, a string body.
CREATE FUNCTION btwin._config_events(user_id text, only_config text, as_of timestamptz)
RETURNS TABLE (id text, occurred_at timestamptz, event_type text, context text, config_id text, strategy_variant text,
               previous_value float8, new_value float8, description text, reason text)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 10
AS $config_events$
-- a configuration says when it was put in force last, taken out of it last and
-- changed last; what its history has of that is not said twice. The history
-- keeps microseconds, the table of an application perhaps milliseconds.
SELECT c.id || ':' || e.event_type || ':0', e.occurred_at, e.event_type, c.context, c.id, c.strategy_variant,
       NULL::float8, CASE WHEN e.event_type = 'EFFECTIVENESS_CHANGED' THEN btwin._plain_number(c.effectiveness_score) END, e.description, 'no_history'
FROM btwin.personalization_configs_window($1, timestamptz '2000-01-01 00:00+00', $3 + interval '1 microsecond') AS c
CROSS JOIN LATERAL (VALUES ('APPLIED', c.activated_at, 'Put in force; not recorded'),
                           ('REMOVED', c.deactivated_at, 'Taken out of force; not recorded'),
                           ('EFFECTIVENESS_CHANGED', CASE WHEN c.effectiveness_score IS NOT NULL AND c.updated_at <> c.activated_at THEN c.updated_at END,
                            'Effectiveness at the last change; not recorded')) AS e (event_type, occurred_at, description)
WHERE ($2 IS NULL OR c.id = $2)
  AND e.occurred_at <= $3
  AND NOT EXISTS (SELECT FROM btwin.config_history h
                  WHERE h.user_id = $1 AND h.config_id = c.id AND h.event_type = e.event_type
                    AND (e.event_type = 'EFFECTIVENESS_CHANGED'
                         OR h.occurred_at BETWEEN e.occurred_at - interval '1 second' AND e.occurred_at + interval '1 second'))
$config_events$;
COMMENT ON FUNCTION btwin._config_events(text, text, timestamptz) IS
'Internal: events of a learner''s configurations (or of one of them) up to a moment that only the configurations themselves tell of; their number is 0.';

CREATE FUNCTION btwin_api.personalization_history(user_id text DEFAULT NULL, start_at timestamptz DEFAULT NULL, end_at timestamptz DEFAULT NULL,
    max_rows integer DEFAULT 50, after_id text DEFAULT NULL, as_of timestamptz DEFAULT NULL)
RETURNS TABLE (id text, occurred_at timestamptz, event_type text, personalization_type text, context text, config_id text, strategy_variant text,
               previous_value float8, new_value float8, effectiveness_score float8, description text, reason text)
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 1000 ROWS 20
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan
AS $personalization_history$
#variable_conflict use_column
DECLARE
    checked boolean;
    moment      timestamptz;
    from_at     timestamptz;
    until       timestamptz;
    learner     text;
    named       text[];
    after_at    timestamptz;
BEGIN
    checked := btwin._check_time('start_at', personalization_history.start_at)
           AND btwin._check_time('end_at', personalization_history.end_at)
           AND btwin._check_max_rows(personalization_history.max_rows, 200);
    moment := btwin._moment(personalization_history.as_of);
    from_at := coalesce(personalization_history.start_at, coalesce(personalization_history.end_at, moment) - interval '720 hours');
    checked := btwin._check_span(from_at, coalesce(personalization_history.end_at, moment));
    -- the moment of the answer belongs to it, the end of a range does not
    until := least(personalization_history.end_at, moment + interval '1 microsecond');
    learner := btwin._caller(personalization_history.user_id, gated => false);
    IF personalization_history.after_id IS NOT NULL THEN
        -- configuration, event type and number; a configuration's id may hold colons
        named := regexp_match(personalization_history.after_id, '^(.+):(APPLIED|REMOVED|EFFECTIVENESS_CHANGED):(0|[1-9][0-9]{0,8})$');
        IF named[3] = '0' THEN
            SELECT e.occurred_at INTO after_at FROM btwin._config_events(learner, named[1], moment) AS e WHERE e.event_type = named[2];
        ELSE
            SELECT h.occurred_at INTO after_at FROM btwin.config_history h
            WHERE h.user_id = learner AND h.config_id = named[1] AND h.event_type = named[2] AND h.number = named[3]::integer;
        END IF;
        IF after_at IS NULL THEN
            PERFORM btwin._refuse_foreign();
        END IF;
    END IF;
    RETURN QUERY
    SELECT e.id, e.occurred_at, e.event_type, lower(e.context), e.context, e.config_id, e.strategy_variant,
           e.previous_value, e.new_value, coalesce(e.new_value, e.previous_value), e.description, e.reason
    FROM (SELECT h.config_id || ':' || h.event_type || ':' || h.number AS id, h.occurred_at, h.event_type, h.context, h.config_id, h.strategy_variant,
                 h.previous_value, h.new_value, h.description, NULL::text AS reason
          FROM btwin.config_history h
          WHERE h.user_id = learner AND h.occurred_at >= from_at AND h.occurred_at < until
          UNION ALL
          SELECT c.* FROM btwin._config_events(learner, NULL, moment) AS c WHERE c.occurred_at >= from_at AND c.occurred_at < until) AS e
    WHERE personalization_history.after_id IS NULL
       OR e.occurred_at < after_at
       OR e.occurred_at = after_at AND e.id COLLATE "C" < personalization_history.after_id
    ORDER BY e.occurred_at DESC, e.id COLLATE "C" DESC
    LIMIT personalization_history.max_rows;
END
$personalization_history$;
COMMENT ON FUNCTION btwin_api.personalization_history(text, timestamptz, timestamptz, integer, text, timestamptz) IS
'What happened to a learner''s configurations of personalization, newest first.
A list of events; it also answers where analysis is switched off. Order: occurred_at downwards, id downwards (by bytes).
Arguments. user_id: learner, default the caller. start_at, end_at: range of occurred_at, by default the 720 hours before end_at, and up to and with as_of; start_at is in it, a given end_at is not. max_rows: 1 to 200; 50. after_id: continue behind this event. as_of: moment of the answer, default now.
Columns. id: configuration, event type and number with colons between; number 0 where only the configuration itself tells of the event (it happened before btwin, or past it). occurred_at; event_type: APPLIED, REMOVED, EFFECTIVENESS_CHANGED; personalization_type: mission, content, assessment, session; context: the same in capitals; config_id; strategy_variant; previous_value, new_value: effectiveness before and from then on, 0 to 100; effectiveness_score: new_value, else previous_value; description; reason: no_history where the value before is not known.
Errors: PT400 missing_argument, out_of_range, user_required; PT403 no_claim, forbidden; PT404 unknown_learner, unknown_id.
Epic 5 domain model, 3.2 (20). Reads btwin.config_history, personalization_configs.';

CREATE FUNCTION btwin._strategy(context text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE context WHEN 'MISSION' THEN 'pattern-based' WHEN 'CONTENT' THEN 'learning-style-adaptive'
                    WHEN 'ASSESSMENT' THEN 'forgetting-curve-optimized' WHEN 'SESSION' THEN 'attention-cycle-based' END;
COMMENT ON FUNCTION btwin._strategy(text) IS
'Internal: strategy of a context of personalization. Epic 5 domain model, 2.25.';

CREATE FUNCTION btwin._change_score(change float8) RETURNS float8
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN change IS NOT NULL THEN greatest(0, least(100, 50 + change / 2)) END;
COMMENT ON FUNCTION btwin._change_score(float8) IS
'Internal: a change in percent as 0 to 100, 50 is none: -100 % and below is 0, +100 % and above is 100.';

CREATE FUNCTION btwin_api.personalization_effectiveness(user_id text DEFAULT NULL, start_at timestamptz DEFAULT NULL, end_at timestamptz DEFAULT NULL,
    metric text DEFAULT 'all', as_of timestamptz DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 2000
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan
AS $personalization_effectiveness$
DECLARE
    checked boolean;
    rule_version CONSTANT text := 'effectiveness-1';
    z           CONSTANT float8 := 1.959963984540054;
    almost_one  CONSTANT float8 := 1 - 1e-12;
    moment      timestamptz;
    from_at     timestamptz;
    until       timestamptz;
    shown_until timestamptz;
    learner     text;
    configs     jsonb;
    pooled      record;
    weekly      jsonb;
    why_not     text;
    retention   jsonb;
    performance jsonb;
    completion  jsonb;
    engagement  jsonb;
    composite   float8;
    n_metrics   integer;
    half        float8;
    p_value     float8;
    adjusted    float8;
    sample      bigint;
BEGIN
    checked := btwin._check_time('start_at', personalization_effectiveness.start_at)
           AND btwin._check_time('end_at', personalization_effectiveness.end_at)
           AND btwin._need('metric', personalization_effectiveness.metric IS NOT NULL)
           AND btwin._check_one_of('metric', personalization_effectiveness.metric, '{retention,performance,completion,all}');
    moment := btwin._moment(personalization_effectiveness.as_of);
    shown_until := coalesce(personalization_effectiveness.end_at, moment);
    from_at := coalesce(personalization_effectiveness.start_at, shown_until - interval '336 hours');
    checked := btwin._check_span(from_at, shown_until);
    until := least(shown_until, moment);
    learner := btwin._caller(personalization_effectiveness.user_id);

    SELECT coalesce(jsonb_agg(jsonb_build_object('id', c.id, 'context', c.context, 'strategy', btwin._strategy(c.context), 'strategy_variant', c.strategy_variant,
                                                 'confidence', btwin._plain_number(c.confidence_score)) ORDER BY c.context, c.id), '[]') INTO configs
    FROM btwin.personalization_configs_window(learner, timestamptz '2000-01-01 00:00+00', moment + interval '1 microsecond') AS c
    WHERE c.is_active AND c.deactivated_at IS NULL OR c.deactivated_at > moment;

    -- weight of a row: one over its variance where every row has an interval (which
    -- is that of retention), else its number of data points
    SELECT count(*) AS rows, coalesce(sum(r.n), 0)::bigint AS n, bool_or(r.by_variance) AS by_variance,
           count(r.retention) AS retention_rows, coalesce(sum(r.n) FILTER (WHERE r.retention IS NOT NULL), 0)::bigint AS retention_n,
           sum(r.retention * r.weight) / nullif(sum(r.weight) FILTER (WHERE r.retention IS NOT NULL), 0) AS retention,
           sum(r.weight) FILTER (WHERE r.retention IS NOT NULL) AS retention_weight,
           count(r.performance) AS performance_rows, coalesce(sum(r.n) FILTER (WHERE r.performance IS NOT NULL), 0)::bigint AS performance_n,
           sum(r.performance * r.n) / nullif(sum(r.n) FILTER (WHERE r.performance IS NOT NULL), 0) AS performance,
           count(r.completion) AS completion_rows, coalesce(sum(r.n) FILTER (WHERE r.completion IS NOT NULL), 0)::bigint AS completion_n,
           sum(r.completion * r.n) / nullif(sum(r.n) FILTER (WHERE r.completion IS NOT NULL), 0) AS completion,
           count(r.engagement) AS engagement_rows, coalesce(sum(r.n) FILTER (WHERE r.engagement IS NOT NULL), 0)::bigint AS engagement_n,
           sum(r.engagement * r.n) / nullif(sum(r.n) FILTER (WHERE r.engagement IS NOT NULL), 0) AS engagement,
           tanh(sum((r.n - 3) * atanh(r.correlation)) / sum(r.n - 3) FILTER (WHERE r.correlation IS NOT NULL)) AS correlation,
           coalesce(jsonb_agg(jsonb_build_object('start_at', r.start_date, 'end_at', r.end_date, 'retention_improvement', r.retention,
                                                 'performance_improvement', r.performance, 'completion_rate_change', r.completion, 'engagement_change', r.engagement,
                                                 'sample_size', r.n, 'composite_score', r.composite, 'is_statistically_significant', r.significant)
                              ORDER BY r.start_date, r.end_date, r.id), '[]') AS timeline
    INTO pooled
    FROM (SELECT w.*, CASE WHEN w.by_variance THEN 1 / w.se ^ 2 ELSE w.n END AS weight
          FROM (SELECT v.*, bool_and(coalesce(v.se > 1e-9, false) OR v.retention IS NULL) OVER () AND bool_or(v.retention IS NOT NULL) OVER () AS by_variance
                FROM (SELECT e.id, e.start_date, e.end_date, -- of an adopted table, any number
                             least(greatest(e.sample_size, 0), 10000000)::bigint AS n,
                             btwin._plain_number(e.retention_improvement) AS retention, btwin._plain_number(e.performance_improvement) AS performance,
                             btwin._plain_number(e.completion_rate_change) AS completion, btwin._plain_number(e.engagement_change) AS engagement,
                             btwin._plain_number(e.composite_score) AS composite, e.is_statistically_significant AS significant,
                             -- at -1 and 1 Fisher's transformation has no end
                             CASE WHEN e.sample_size > 3 THEN CASE WHEN abs(e.correlation) <= almost_one THEN e.correlation ELSE sign(btwin._plain_number(e.correlation)) * almost_one END END AS correlation,
                             (btwin._json_number(e.confidence_interval -> 'upper') - btwin._json_number(e.confidence_interval -> 'lower')) / (2 * z) AS se
                      FROM btwin.personalization_effectiveness_window(learner, from_at, until) AS e
                      WHERE e.end_date <= until AND e.calculated_at <= moment) AS v) AS w) AS r;

    why_not := CASE WHEN pooled.rows = 0 THEN CASE WHEN configs = '[]' THEN 'personalization_off' ELSE 'no_rows' END
                    WHEN pooled.n = 0 THEN 'insufficient_data' ELSE 'zero_baseline' END;
    IF pooled.by_variance THEN
        half := z / sqrt(pooled.retention_weight);
    END IF;
    retention := btwin._score(pooled.retention, pooled.retention - half, pooled.retention + half, btwin._evidence_confidence(pooled.retention_n), pooled.retention_n::int, 'btwin', rule_version, moment,
                              ARRAY[format('%s periods, %s data points', pooled.retention_rows, pooled.retention_n)], why_not);
    performance := btwin._score(pooled.performance, NULL, NULL, btwin._evidence_confidence(pooled.performance_n), pooled.performance_n::int, 'btwin', rule_version, moment,
                                ARRAY[format('%s periods, %s data points', pooled.performance_rows, pooled.performance_n)], why_not);
    completion := btwin._score(pooled.completion, NULL, NULL, btwin._evidence_confidence(pooled.completion_n), pooled.completion_n::int, 'btwin', rule_version, moment,
                               ARRAY[format('%s periods, %s data points', pooled.completion_rows, pooled.completion_n)], why_not);
    engagement := btwin._score(pooled.engagement, NULL, NULL, btwin._evidence_confidence(pooled.engagement_n), pooled.engagement_n::int, 'btwin', rule_version, moment,
                               ARRAY[format('%s periods, %s data points', pooled.engagement_rows, pooled.engagement_n)], why_not);
    n_metrics := num_nonnulls(pooled.retention, pooled.performance, pooled.completion, pooled.engagement);
    composite := (coalesce(0.4 * btwin._change_score(pooled.retention), 0) + coalesce(0.3 * btwin._change_score(pooled.performance), 0)
                  + coalesce(0.2 * btwin._change_score(pooled.completion), 0) + coalesce(0.1 * btwin._change_score(pooled.engagement), 0))
                 / nullif(CASE WHEN pooled.retention IS NULL THEN 0 ELSE 0.4 END + CASE WHEN pooled.performance IS NULL THEN 0 ELSE 0.3 END
                          + CASE WHEN pooled.completion IS NULL THEN 0 ELSE 0.2 END + CASE WHEN pooled.engagement IS NULL THEN 0 ELSE 0.1 END, 0);

    -- only retention has intervals; who looks at all metrics looks that many times
    IF personalization_effectiveness.metric IN ('retention', 'all') AND half IS NOT NULL THEN
        p_value := 2 * btwin.normal_cdf(-abs(pooled.retention) * sqrt(pooled.retention_weight));
        adjusted := least(1, p_value * CASE WHEN personalization_effectiveness.metric = 'all' THEN n_metrics ELSE 1 END);
    END IF;
    sample := CASE personalization_effectiveness.metric WHEN 'performance' THEN pooled.performance_n WHEN 'completion' THEN pooled.completion_n ELSE pooled.retention_n END;
    RETURN jsonb_build_object(
        'has_personalization', configs <> '[]',
        'message', CASE WHEN configs = '[]' THEN 'No configuration of personalization is in force.' END,
        'metrics', jsonb_build_object(
            'retention_improvement', CASE WHEN personalization_effectiveness.metric IN ('retention', 'all') THEN retention END,
            'performance_improvement', CASE WHEN personalization_effectiveness.metric IN ('performance', 'all') THEN performance END,
            'completion_rate_change', CASE WHEN personalization_effectiveness.metric IN ('completion', 'all') THEN completion END,
            'engagement_change', CASE WHEN personalization_effectiveness.metric = 'all' THEN engagement END),
        'statistical', jsonb_build_object(
            'sample_size', sample, 'correlation', CASE WHEN personalization_effectiveness.metric IN ('retention', 'all') THEN pooled.correlation END,
            'p_value', p_value, 'is_statistically_significant', adjusted < 0.05,
            'confidence_interval', jsonb_build_object('lower', CASE WHEN p_value IS NOT NULL THEN pooled.retention - half END,
                                                      'upper', CASE WHEN p_value IS NOT NULL THEN pooled.retention + half END),
            'effect_size', CASE WHEN p_value IS NOT NULL AND sample > 0 THEN pooled.retention * sqrt(pooled.retention_weight / sample) END,
            'adjusted_p_value', adjusted),
        'composite_score', btwin._score(composite, NULL, NULL, btwin._evidence_confidence(pooled.n), pooled.n::int, 'btwin', rule_version, moment,
                                        ARRAY[format('%s of 4 metrics', n_metrics)], why_not),
        'active_configs', configs,
        'period', jsonb_build_object('start_at', from_at, 'end_at', shown_until, 'days', ceil(extract(epoch FROM shown_until - from_at) / 86400)::int),
        'timeline', pooled.timeline);
END
$personalization_effectiveness$;
COMMENT ON FUNCTION btwin_api.personalization_effectiveness(text, timestamptz, timestamptz, text, timestamptz) IS
'What personalization did for a learner: changes against the time before it, with their statistics.
A document over the stored periods that lie inside of a range.
Arguments. user_id: learner, default the caller. start_at, end_at: range, by default the 336 hours before end_at, and up to as_of; a period counts when it starts at or after start_at and ends at or before end_at. metric: retention, performance, completion or all. as_of: moment of the answer, default now; what was calculated later is not used.
Keys. has_personalization: a configuration is in force at as_of; message: says so where none is. metrics: retention_improvement, performance_improvement, completion_rate_change, engagement_change: scores in percent, NULL where metric asks for another one. Retention is pooled by inverse variance where every period has an interval; everything else by the number of data points, without an interval. statistical, about metric (retention for all): sample_size: data points; correlation: -1 to 1, pooled after Fisher over periods of more than 3 data points, of retention only; p_value: two-sided, of no change, NULL without intervals; is_statistically_significant: adjusted_p_value below 0.05; confidence_interval {lower, upper}: 95 %, percent; effect_size: change in standard deviations of a data point; adjusted_p_value: times the number of metrics with a value, where metric is all. composite_score: score 0 to 100, weights 0.4 retention, 0.3 performance, 0.2 completion, 0.1 engagement over those with a value; a change of x % counts 50 + x/2, limited to 0 to 100. active_configs: [{id, context, strategy, strategy_variant, confidence 0 to 1}]. period {start_at, end_at, days}. timeline, oldest first: one element per stored period {start_at, end_at, retention_improvement, performance_improvement, completion_rate_change, engagement_change (percent), sample_size, composite_score, is_statistically_significant}. Confidence of a score: n/(n + 10) for n data points.
Reasons of a missing value: personalization_off (no configuration and no period), no_rows, insufficient_data (periods without data points), zero_baseline (there was nothing to improve on).
Errors: PT400 missing_argument, out_of_range, not_allowed_value, user_required; PT403 no_claim, forbidden, analysis_disabled; PT404 unknown_learner.
Epic 5 domain model, 2.26, 2.27 (weights) and 3.1 (1). Reads personalization_configs, personalization_effectiveness.';

CREATE FUNCTION btwin._personalization(learner text, moment timestamptz) RETURNS jsonb
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 2000
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan
AS $personalization$
DECLARE
    until       timestamptz := moment + interval '1 microsecond';
    profile     record;
    active      record;
    predicted   record;
    load        record;
    risk_level  text;
    load_level  text;
    quality     float8;
    known       boolean;
    threshold   float8;
    half_life   float8;
    is_certain  boolean;
    minutes     float8;
    intensity   text := 'MEDIUM';
    exposure    jsonb;
    parameters  jsonb;
    warnings    text[] := '{}';
    answer      jsonb := '{}';
    part        record;
    is_enabled  boolean;
BEGIN
    SELECT coalesce(w.personalization_level, 'MEDIUM') AS level, coalesce(w.mission_personalization_enabled, true) AS mission,
           coalesce(w.content_personalization_enabled, true) AS content, coalesce(w.assessment_personalization_enabled, true) AS assessment,
           coalesce(w.session_personalization_enabled, true) AS session,
           ARRAY(SELECT lower(f) FROM unnest(w.disabled_features) AS f) AS disabled, coalesce(u.learning_style_profiling_enabled, true) AS profiled,
           p.preferred_study_times AS times, p.optimal_session_duration AS optimal_minutes, p.content_preferences AS preferences,
           p.learning_style_profile AS style, p.personalized_forgetting_curve AS curve, p.last_analyzed_at AS analyzed_at,
           btwin._plain_number(p.data_quality_score) AS quality
    INTO profile
    FROM (SELECT) AS one
    LEFT JOIN btwin.users u ON u.id = learner
    LEFT JOIN btwin.personalization_preferences w ON w.user_id = learner
    LEFT JOIN btwin.user_learning_profiles p ON p.user_id = learner;
    quality := profile.quality;
    known := coalesce(quality >= 0.6, false);
    threshold := CASE profile.level WHEN 'LOW' THEN 0.85 WHEN 'MEDIUM' THEN 0.7 WHEN 'HIGH' THEN 0.6 END;

    SELECT (array_agg(c.id ORDER BY c.activated_at DESC, c.id DESC) FILTER (WHERE c.context = 'MISSION'))[1] AS mission,
           (array_agg(c.id ORDER BY c.activated_at DESC, c.id DESC) FILTER (WHERE c.context = 'CONTENT'))[1] AS content,
           (array_agg(c.id ORDER BY c.activated_at DESC, c.id DESC) FILTER (WHERE c.context = 'ASSESSMENT'))[1] AS assessment,
           (array_agg(c.id ORDER BY c.activated_at DESC, c.id DESC) FILTER (WHERE c.context = 'SESSION'))[1] AS session
    INTO active
    FROM btwin.personalization_configs_window(learner, timestamptz '2000-01-01 00:00+00', until) AS c
    WHERE c.is_active AND c.deactivated_at IS NULL OR c.deactivated_at > moment;

    IF known THEN
        -- predictions for yesterday to the longest horizon, 30 days
        SELECT count(*) AS n,
               coalesce((SELECT jsonb_agg(t.topic_id ORDER BY t.p DESC, t.topic_id)
                         FROM (SELECT x ->> 'topic' AS topic_id, max((x ->> 'p')::float8) AS p
                               FROM unnest(array_agg(jsonb_build_object('topic', s.topic_id, 'p', s.p)) FILTER (WHERE s.topic_id IS NOT NULL AND s.p >= 0.7)) AS x
                               GROUP BY x ->> 'topic') AS t), '[]') AS topics,
               array_agg(s.id) AS ids
        INTO predicted
        FROM (SELECT w.id, w.topic_id, btwin._plain_number(w.predicted_struggle_probability) AS p
              FROM btwin.struggle_predictions_window(learner, moment - interval '24 hours', moment + interval '744 hours') AS w
              WHERE w.predicted_at <= moment AND w.prediction_confidence >= 0.7
                AND (w.prediction_status = 'PENDING' OR w.actual_outcome_recorded_at > moment)
              ORDER BY w.predicted_struggle_probability DESC, w.id LIMIT 5) AS s;
        SELECT (array_agg(l.load_score ORDER BY l.timestamp DESC, l.id DESC))[1] AS latest, avg(l.load_score) AS mean INTO load
        FROM btwin.cognitive_load_metrics_window(learner, moment - interval '168 hours', until) AS l WHERE l.load_score BETWEEN 0 AND 100;
        load_level := btwin.load_level(load.latest);
        SELECT b.risk_level INTO risk_level
        FROM btwin.burnout_risk_assessments_window(learner, moment - interval '336 hours', until) AS b
        ORDER BY b.assessment_date DESC, b.id DESC LIMIT 1;

        -- the profile's own length and curve count from a quality of 0.7 on; what
        -- protects the learner comes after everything else
        is_certain := quality >= 0.7;
        minutes := CASE WHEN is_certain THEN profile.optimal_minutes ELSE 50 END;
        IF risk_level IN ('HIGH', 'CRITICAL') THEN
            intensity := 'LOW';
            minutes := least(minutes, 30);
        ELSIF load_level IN ('HIGH', 'CRITICAL') THEN
            intensity := 'LOW';
            minutes := floor(0.7 * minutes);
        END IF;
        half_life := coalesce(nullif(btwin._json_number(profile.curve -> 'halfLife'), 0), nullif(btwin._json_number(profile.curve -> 'stabilityFactor'), 0));
        exposure := CASE WHEN profile.profiled
                         THEN jsonb_build_object('visual', btwin._json_number(profile.style -> 'visual'), 'auditory', btwin._json_number(profile.style -> 'auditory'),
                                                 'reading', btwin._json_number(profile.style -> 'reading'), 'kinesthetic', btwin._json_number(profile.style -> 'kinesthetic')) END;
        warnings := array_remove(ARRAY[
            CASE WHEN NOT profile.profiled THEN 'The learner has switched profiling of the exposure mix off.' END,
            CASE WHEN NOT is_certain THEN 'The profile is uncertain: length and reviews are the usual ones.' END,
            CASE WHEN predicted.n = 0 THEN 'No struggle is predicted with a confidence of 0.7 or more.' END,
            CASE WHEN load_level IS NULL THEN 'Cognitive load was not measured in the last 7 days.' END,
            CASE WHEN risk_level IS NULL THEN 'Burnout was not assessed in the last 14 days.' END], NULL);
    END IF;

    FOR part IN SELECT * FROM (VALUES ('mission', 'MISSION', profile.mission, active.mission), ('content', 'CONTENT', profile.content, active.content),
                                      ('assessment', 'ASSESSMENT', profile.assessment, active.assessment), ('session', 'SESSION', profile.session, active.session))
                               AS v (name, context, is_wanted, config_id)
    LOOP
        is_enabled := known AND part.is_wanted AND profile.level <> 'NONE' AND part.name <> ALL (profile.disabled);
        parameters := '{}';
        IF is_enabled THEN
            CASE part.name
            WHEN 'mission' THEN
                parameters := jsonb_build_object(
                    'optimal_study_times',
                    (SELECT coalesce(jsonb_agg(jsonb_build_object('day_of_week', btwin._json_number(e -> 'dayOfWeek'), 'start_hour', btwin._json_number(e -> 'startHour'),
                                                                  'end_hour', btwin._json_number(e -> 'endHour'), 'effectiveness', btwin._json_number(e -> 'effectiveness')) ORDER BY place), '[]')
                     FROM jsonb_array_elements(CASE WHEN jsonb_typeof(profile.times) = 'array' THEN profile.times ELSE '[]' END) WITH ORDINALITY AS t (e, place)),
                    'recommended_duration_minutes', minutes,
                    'intensity', intensity,
                    'interventions',
                    (SELECT coalesce(jsonb_agg(jsonb_build_object('id', i.id, 'prediction_id', i.prediction_id, 'intervention_type', i.intervention_type,
                                                                  'description', i.description, 'priority', i.priority) ORDER BY i.priority DESC, i.created_at DESC, i.id), '[]')
                     FROM (SELECT w.id, w.prediction_id, w.intervention_type, w.description, w.priority, w.created_at
                           FROM btwin.intervention_recommendations_window(learner, moment - interval '2160 hours', until) AS w
                           WHERE w.prediction_id = ANY (predicted.ids) AND w.priority >= 7 AND (w.status = 'PENDING' OR w.applied_at > moment)
                           ORDER BY w.priority DESC, w.created_at DESC, w.id LIMIT 3) AS i));
            WHEN 'content' THEN
                parameters := jsonb_build_object(
                    'exposure_mix', exposure,
                    'content_preferences', jsonb_build_object('lectures', btwin._json_number(profile.preferences -> 'lectures'), 'flashcards', btwin._json_number(profile.preferences -> 'flashcards'),
                                                              'validation', btwin._json_number(profile.preferences -> 'validation'), 'clinical_reasoning', btwin._json_number(profile.preferences -> 'clinicalReasoning')),
                    'topics', predicted.topics,
                    'review_frequency', CASE WHEN is_certain AND half_life > 0 THEN greatest(10, least(50, floor(100 / half_life))) ELSE 20 END);
            WHEN 'assessment' THEN
                parameters := jsonb_build_object(
                    'forgetting_curve', jsonb_build_object('initial_retention', coalesce(btwin._json_number(profile.curve -> 'initialRetention'), btwin._json_number(profile.curve -> 'R0')),
                                                           'decay_rate', coalesce(btwin._json_number(profile.curve -> 'decayRate'), btwin._json_number(profile.curve -> 'k')), 'half_life_days', half_life),
                    'validation_frequency', CASE WHEN is_certain AND half_life < 3 THEN 'HIGH' WHEN is_certain AND half_life > 7 THEN 'LOW' ELSE 'MEDIUM' END,
                    'progression', CASE WHEN load_level IN ('HIGH', 'CRITICAL') THEN 'GRADUAL' WHEN load_level = 'LOW' THEN 'AGGRESSIVE' ELSE 'MODERATE' END,
                    'feedback', CASE WHEN predicted.n >= 3 THEN 'COMPREHENSIVE' ELSE 'STANDARD' END);
            ELSE
                parameters := jsonb_build_object(
                    'session_minutes', minutes,
                    'exposure_mix', exposure,
                    'breaks', CASE WHEN load_level IN ('HIGH', 'CRITICAL') THEN '[{"after_minutes": 20, "break_minutes": 5}, {"after_minutes": 40, "break_minutes": 10}]'::jsonb
                                   WHEN load.mean > 70 THEN '[{"after_minutes": 25, "break_minutes": 5}, {"after_minutes": 50, "break_minutes": 10}]'
                                   ELSE '[{"after_minutes": 25, "break_minutes": 5}]' END);
            END CASE;
            -- a feature may also be one of the parameters
            parameters := (SELECT jsonb_object_agg(k, CASE WHEN lower(k) <> ALL (profile.disabled) THEN v END) FROM jsonb_each(parameters) AS e (k, v));
        END IF;
        answer := answer || jsonb_build_object(part.name, jsonb_build_object(
            'enabled', is_enabled,
            'strategy', CASE WHEN is_enabled THEN btwin._strategy(part.context) ELSE 'default' END,
            'parameters', parameters,
            'confidence', CASE WHEN is_enabled THEN quality ELSE 0 END,
            'applicable', is_enabled AND coalesce(quality >= threshold, false),
            'active_config_id', part.config_id,
            'reason', CASE WHEN is_enabled THEN NULL WHEN known THEN 'personalization_off' ELSE 'insufficient_data' END));
    END LOOP;
    RETURN answer || jsonb_build_object(
        'data_quality_score', quality, 'last_analyzed_at', profile.analyzed_at, 'warnings', warnings,
        'message', CASE WHEN quality IS NULL THEN 'There is no profile of this learner yet.'
                        WHEN NOT known THEN 'The profile rests on too little data.'
                        WHEN profile.level = 'NONE' THEN 'The learner has switched personalization off.' END);
END
$personalization$;
COMMENT ON FUNCTION btwin._personalization(text, timestamptz) IS
'Internal: what btwin_api.personalization_config() answers.';

CREATE FUNCTION btwin_api.personalization_config(user_id text DEFAULT NULL, as_of timestamptz DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 2000
SET search_path = pg_catalog, pg_temp
AS $personalization_config$
DECLARE
    moment timestamptz := btwin._moment(personalization_config.as_of);
BEGIN
    RETURN btwin._personalization(btwin._caller(personalization_config.user_id), moment);
END
$personalization_config$;
COMMENT ON FUNCTION btwin_api.personalization_config(text, timestamptz) IS
'How missions, content, assessments and sessions of a learner are to be personalized.
A document, worked out from the stored profile, preferences and the newest predictions, loads and assessments.
Arguments. user_id: learner, default the caller. as_of: moment of the answer, default now; profile and preferences have no history and are read as they are.
Keys. mission, content, assessment, session, each {enabled; strategy: pattern-based, learning-style-adaptive, forgetting-curve-optimized, attention-cycle-based, or default; parameters; confidence: the quality of the profile, 0 to 1; applicable: the quality reaches what the level asks for (LOW 0.85, MEDIUM 0.7, HIGH 0.6, NONE never); active_config_id; reason}. Without a profile of quality 0.6 or more (reason insufficient_data), and where the learner switched it off by level, toggle or disabled_features (reason personalization_off): enabled false, strategy default, parameters {}, confidence 0. A feature is the name of a part or of a parameter, which is then NULL.
Parameters. mission: optimal_study_times [{day_of_week -1 to 6, start_hour, end_hour, effectiveness 0 to 1}]; recommended_duration_minutes: the best length of the profile from a quality of 0.7 on, else 50; under a burnout risk of HIGH or CRITICAL at most 30, else under a load of HIGH or CRITICAL 0.7 of it; intensity: MEDIUM, under either LOW; interventions: up to 3 pending ones of priority 7 or more that belong to the predictions [{id, prediction_id, intervention_type, description, priority}]. content: exposure_mix {visual, auditory, reading, kinesthetic}, NULL where the learner switched profiling off; content_preferences {lectures, flashcards, validation, clinical_reasoning}; topics: those predicted with 0.7 or more; review_frequency: cards, 100 over the half-life, 10 to 50, else 20. assessment: forgetting_curve {initial_retention, decay_rate per day, half_life_days}; validation_frequency: HIGH for a half-life below 3 days, LOW above 7, else MEDIUM; progression: GRADUAL under a load of HIGH or CRITICAL, AGGRESSIVE under LOW, else MODERATE; feedback: COMPREHENSIVE from 3 predictions on, else STANDARD. session: session_minutes as for the mission; exposure_mix; breaks [{after_minutes, break_minutes}]: 20/5 and 40/10 under a load of HIGH or CRITICAL, 25/5 and 50/10 under a mean load above 70, else 25/5. Half-life rules need a quality of 0.7.
Predictions: up to 5 pending ones, the most probable first, of confidence 0.7 or more, for the time from 24 hours ago to 31 days ahead. Load: newest and mean of 7 days. Burnout: newest assessment of 14 days.
data_quality_score 0 to 1; last_analyzed_at; warnings: what was not to be had; message: why nothing is personalized.
Errors: PT400 out_of_range, user_required; PT403 no_claim, forbidden, analysis_disabled; PT404 unknown_learner.
Epic 5 domain model, 2.25 and 3.2 (18). Reads user_learning_profiles, users, personalization_preferences, personalization_configs, struggle_predictions, intervention_recommendations, cognitive_load_metrics, burnout_risk_assessments.';
