-- Predicted struggles: what was predicted, what it is made of, what is urgent.

-- What was known of each prediction of a learner at a moment. Written once, inlined
-- by the planner into the statements that read it: no SET, a string body.
CREATE FUNCTION btwin._predictions(user_id text, as_of timestamptz, status_is text, min_probability float8, topic_id_is text, objective_id_is text)
RETURNS TABLE (id text, learning_objective_id text, topic_id text, prediction_date timestamptz, predicted_at timestamptz,
               probability float8, confidence float8, status text, outcome boolean, outcome_at timestamptz, history_at timestamptz, is_selected boolean)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 100
AS $predictions$
SELECT k.id, k.learning_objective_id, k.topic_id, k.prediction_date, k.predicted_at, k.probability, k.confidence, k.status,
       k.outcome, k.outcome_at, k.history_at,
       k.probability >= $4 AND ($3 IS NULL OR k.status = $3) AND ($5 IS NULL OR k.topic_id = $5) AND ($6 IS NULL OR k.learning_objective_id = $6)
FROM (SELECT v.*,
             CASE WHEN v.outcome AND v.probability >= 0.5 THEN 'CONFIRMED'
                  WHEN v.outcome THEN 'MISSED'
                  WHEN NOT v.outcome AND v.probability >= 0.5 THEN 'FALSE_POSITIVE'
                  WHEN NOT v.outcome THEN 'RESOLVED'
                  -- decided, but not yet
                  WHEN v.decided_at > $2 AND v.stored_status <> 'DISMISSED' THEN 'PENDING'
                  ELSE v.stored_status END AS status
      FROM (SELECT p.id, p.learning_objective_id, coalesce(h.prediction_date, p.prediction_date) AS prediction_date,
                   coalesce(h.computed_for, p.predicted_at) AS predicted_at,
                   coalesce(h.probability, p.predicted_struggle_probability) AS probability,
                   CASE WHEN h.computed_for IS NOT NULL THEN h.confidence
                        WHEN p.prediction_confidence BETWEEN 0 AND 1 THEN p.prediction_confidence END AS confidence,
                   CASE WHEN p.actual_outcome_recorded_at <= $2 THEN p.actual_outcome END AS outcome,
                   CASE WHEN p.actual_outcome_recorded_at <= $2 AND p.actual_outcome IS NOT NULL THEN p.actual_outcome_recorded_at END AS outcome_at,
                   p.actual_outcome_recorded_at AS decided_at, p.prediction_status AS stored_status, h.computed_for AS history_at,
                   coalesce(p.topic_id, (SELECT l.course_id FROM btwin.learning_objectives AS o JOIN btwin.lectures AS l ON l.id = o.lecture_id
                                         WHERE o.id = p.learning_objective_id AND l.user_id = $1)) AS topic_id
            FROM btwin.struggle_predictions AS p
            LEFT JOIN LATERAL (SELECT h.computed_for, h.prediction_date, h.probability, h.confidence
                               FROM btwin.prediction_history AS h
                               WHERE h.user_id = $1 AND h.prediction_id = p.id AND h.computed_for <= $2
                               ORDER BY h.computed_for DESC LIMIT 1) AS h ON true
            WHERE p.user_id = $1
              -- what the application wrote counts as it stands; what has a history begins with it
              AND (h.computed_for IS NOT NULL
                   OR (p.predicted_at <= $2
                       AND NOT EXISTS (SELECT FROM btwin.prediction_history AS o WHERE o.user_id = $1 AND o.prediction_id = p.id)))) AS v
      WHERE v.probability BETWEEN 0 AND 1) AS k
$predictions$;
COMMENT ON FUNCTION btwin._predictions(text, timestamptz, text, float8, text, text) IS
'Internal: the predictions of a learner as they were known at a moment, with history_at, the moment of the value in btwin.prediction_history (NULL: the row itself), and is_selected, whether the filters of btwin_api.predictions hold. A status counts from actual_outcome_recorded_at; an outcome without that time is not known. Rows whose probability is none are left out.';

CREATE FUNCTION btwin._unit_number(found jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $unit_number$
SELECT CASE WHEN pg_catalog.jsonb_typeof(found) = 'number' AND found::pg_catalog.numeric BETWEEN 0 AND 1 THEN found END
$unit_number$;
COMMENT ON FUNCTION btwin._unit_number(jsonb) IS
'Internal: a number from 0 to 1 as it is, NULL for anything else.';

CREATE FUNCTION btwin._feature_document(features jsonb) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $feature_document$
BEGIN
    RETURN jsonb_build_object(
        'retention_score', btwin._unit_number(coalesce(features -> 'retention_score', features -> 'retentionScore')),
        'retention_decline_rate', btwin._unit_number(coalesce(features -> 'retention_decline_rate', features -> 'retentionDeclineRate')),
        'review_lapse_rate', btwin._unit_number(coalesce(features -> 'review_lapse_rate', features -> 'reviewLapseRate')),
        'session_performance_score', btwin._unit_number(coalesce(features -> 'session_performance_score', features -> 'sessionPerformanceScore')),
        'validation_score', btwin._unit_number(coalesce(features -> 'validation_score', features -> 'validationScore')),
        'prerequisite_gap_count', btwin._unit_number(coalesce(features -> 'prerequisite_gap_count', features -> 'prerequisiteGapCount')),
        'prerequisite_mastery_gap', btwin._unit_number(coalesce(features -> 'prerequisite_mastery_gap', features -> 'prerequisiteMasteryGap')),
        'content_complexity', btwin._unit_number(coalesce(features -> 'content_complexity', features -> 'contentComplexity')),
        'complexity_mismatch', btwin._unit_number(coalesce(features -> 'complexity_mismatch', features -> 'complexityMismatch')),
        'historical_struggle_score', btwin._unit_number(coalesce(features -> 'historical_struggle_score', features -> 'historicalStruggleScore')),
        'content_type_mismatch', btwin._unit_number(coalesce(features -> 'content_type_mismatch', features -> 'contentTypeMismatch')),
        'cognitive_load_indicator', btwin._unit_number(coalesce(features -> 'cognitive_load_indicator', features -> 'cognitiveLoadIndicator')),
        'days_until_exam', btwin._unit_number(coalesce(features -> 'days_until_exam', features -> 'daysUntilExam')),
        'days_since_last_study', btwin._unit_number(coalesce(features -> 'days_since_last_study', features -> 'daysSinceLastStudy')),
        'workload_level', btwin._unit_number(coalesce(features -> 'workload_level', features -> 'workloadLevel')));
END
$feature_document$;
COMMENT ON FUNCTION btwin._feature_document(jsonb) IS
'Internal: a stored feature vector, keys in snake_case or camelCase, as an object of the 15 features of struggle_features() in snake_case; what is missing, no number or outside 0 to 1 is null.';

CREATE FUNCTION btwin._feature_document(x float8[]) RETURNS jsonb
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $feature_document$
SELECT jsonb_object_agg(f.feature, x[f."position"]) FROM btwin.struggle_features() AS f
$feature_document$;
COMMENT ON FUNCTION btwin._feature_document(float8[]) IS
'Internal: a vector of the 15 features as it is stored in feature_vector: an object by name, null for what is unknown.';

CREATE FUNCTION btwin_api.predictions(user_id text DEFAULT NULL, status_is text DEFAULT NULL, min_probability float8 DEFAULT 0.5,
                                      topic_id_is text DEFAULT NULL, objective_id_is text DEFAULT NULL,
                                      max_rows integer DEFAULT 50, after_id text DEFAULT NULL, as_of timestamptz DEFAULT NULL)
RETURNS TABLE (id text, learning_objective_id text, objective_name text, topic_id text, course_name text, prediction_date timestamptz,
               predicted_at timestamptz, predicted_struggle_probability float8, probability_low float8, probability_high float8,
               prediction_confidence float8, risk_level text, prediction_status text, actual_outcome boolean,
               actual_outcome_recorded_at timestamptz, feature_vector jsonb, reasoning text, indicators jsonb, intervention_applied boolean,
               intervention_id text, acknowledged_at timestamptz, evidence_count integer, method text, version text,
               computed_for timestamptz, reason text)
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER COST 1000 ROWS 50
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan
AS $predictions$
#variable_conflict use_column
DECLARE
    checked boolean;
    moment      timestamptz;
    learner     text;
    after       record;
    names       CONSTANT text[] := '{retention_score,retention_decline_rate,review_lapse_rate,session_performance_score,validation_score,prerequisite_gap_count,prerequisite_mastery_gap,content_complexity,complexity_mismatch,historical_struggle_score,content_type_mismatch,cognitive_load_indicator,days_until_exam,days_since_last_study,workload_level}';
    after_date  timestamptz;
    after_p     float8;
BEGIN
    checked := btwin._check_enum('status_is', predictions.status_is, 'PredictionStatus')
           AND btwin._need('min_probability', predictions.min_probability IS NOT NULL)
           AND btwin._check_between('min_probability', predictions.min_probability, 0, 1)
           AND btwin._check_max_rows(predictions.max_rows, 200);
    moment := btwin._moment(predictions.as_of);
    learner := btwin._caller(predictions.user_id);
    IF predictions.after_id IS NOT NULL THEN
        SELECT coalesce(h.prediction_date, p.prediction_date), coalesce(h.probability, p.predicted_struggle_probability) INTO after_date, after_p
        FROM btwin.struggle_predictions AS p
        LEFT JOIN LATERAL (SELECT h.prediction_date, h.probability FROM btwin.prediction_history AS h
                           WHERE h.user_id = learner AND h.prediction_id = p.id AND h.computed_for <= moment
                           ORDER BY h.computed_for DESC LIMIT 1) AS h ON true
        -- among the learner's rows, not by the key: a row of somebody else is not read
        WHERE p.user_id = learner AND p.id IS NOT DISTINCT FROM predictions.after_id;
        IF NOT FOUND THEN
            PERFORM btwin._refuse_foreign();
        END IF;
    END IF;

    RETURN QUERY
    WITH page AS MATERIALIZED (
        SELECT p.* FROM btwin._predictions(learner, moment, predictions.status_is, predictions.min_probability, predictions.topic_id_is, predictions.objective_id_is) AS p
        WHERE p.is_selected
          AND (predictions.after_id IS NULL OR (p.prediction_date, -p.probability, p.id) > (after_date, -after_p, predictions.after_id))
        ORDER BY p.prediction_date, p.probability DESC, p.id
        LIMIT predictions.max_rows
    ), sign AS MATERIALIZED (
        -- the newest of each kind
        SELECT n.prediction_id,
               jsonb_agg(jsonb_build_object('indicator_type', n.indicator_type, 'severity', n.severity, 'context', n.context)
                         ORDER BY n.rank, n.indicator_type) AS indicators,
               string_agg(replace(lower(n.indicator_type), '_', ' ') || ' (' || lower(n.severity) || ')', ', ' ORDER BY n.rank, n.indicator_type) AS words
        FROM (SELECT DISTINCT ON (i.prediction_id, i.indicator_type) i.prediction_id, i.indicator_type, i.severity, i.context,
                     array_position('{CRITICAL,HIGH,MEDIUM,LOW}', i.severity) AS rank
              FROM btwin.struggle_indicators_window(learner, '2000-01-01 00:00+00', moment + interval '1 microsecond') AS i
              WHERE i.prediction_id IN (SELECT g.id FROM page AS g)
              ORDER BY i.prediction_id, i.indicator_type, i.detected_at DESC, i.id DESC) AS n
        GROUP BY n.prediction_id
    )
    SELECT g.id, g.learning_objective_id, o.objective, g.topic_id, c.name, g.prediction_date, g.predicted_at, g.probability,
           v.low, v.high, g.confidence, btwin.struggle_level(g.probability), g.status, g.outcome, g.outcome_at,
           -- what btwin stored has these names already
           CASE WHEN v.method <> 'application' AND v.features ?& names THEN v.features ELSE btwin._feature_document(v.features) END,
           coalesce(CASE WHEN p.predicted_at <= moment THEN p.struggling_factors ->> 'reasoning' END, s.words), coalesce(s.indicators, '[]'),
           p.intervention_applied AND t.has_begun, CASE WHEN t.has_begun THEN p.intervention_id END,
           CASE WHEN p.acknowledged_at <= moment THEN p.acknowledged_at END, v.evidence_count, v.method, v.version, v.computed_for, NULL::text
    FROM page AS g
    JOIN btwin.struggle_predictions AS p ON p.id = g.id AND p.user_id = learner
    LEFT JOIN btwin.learning_objectives AS o ON o.id = g.learning_objective_id
    LEFT JOIN btwin.courses AS c ON c.id = g.topic_id
    LEFT JOIN btwin.prediction_history AS h ON h.user_id = learner AND h.prediction_id = g.id AND h.computed_for = g.history_at
    LEFT JOIN btwin.provenance AS w ON w.user_id = learner AND w.kind = 'struggle_predictions' AND w.id = g.id
    LEFT JOIN btwin.intervention_recommendations AS r ON r.id = p.intervention_id AND r.user_id = learner
    LEFT JOIN sign AS s ON s.prediction_id = g.id
    CROSS JOIN LATERAL (SELECT coalesce(r.applied_at <= moment, true)) AS t (has_begun)
    CROSS JOIN LATERAL (SELECT coalesce(h.method, w.method, 'application'), coalesce(h.version, w.version), coalesce(h.computed_for, w.computed_for),
                               CASE WHEN h.computed_for IS NULL THEN w.low ELSE h.low END, CASE WHEN h.computed_for IS NULL THEN w.high ELSE h.high END,
                               CASE WHEN h.computed_for IS NULL OR h.computed_for = w.computed_for THEN w.evidence_count END,
                               CASE WHEN h.computed_for IS NULL THEN p.feature_vector ELSE h.feature_vector END
                       ) AS v (method, version, computed_for, low, high, evidence_count, features)
    ORDER BY g.prediction_date, g.probability DESC, g.id;
END
$predictions$;
COMMENT ON FUNCTION btwin_api.predictions(text, text, float8, text, text, integer, text, timestamptz) IS
'Predicted struggles of a learner, as they were known at a moment

Arguments: user_id: the learner, by default the caller. status_is: only this state (PENDING, CONFIRMED, FALSE_POSITIVE, MISSED, DISMISSED, RESOLVED). min_probability: from this probability on, 0 to 1. topic_id_is: only this course. objective_id_is: only this objective. max_rows: 1 to 200. after_id: rows after this one. as_of: the moment; by default now.

Order: prediction_date, predicted_struggle_probability from the highest, id.

Columns: id. learning_objective_id, objective_name: what it is about. topic_id, course_name: its course; where the prediction names none, that of the objective. prediction_date: the day it is for. predicted_at: when this value was worked out. predicted_struggle_probability: 0 to 1; probability_low, probability_high: its 95 % interval, NULL where none was stored. prediction_confidence: 0 to 1. risk_level: HIGH from 0.7, MEDIUM from 0.4, else LOW. prediction_status: with an outcome CONFIRMED or FALSE_POSITIVE (probability from 0.5), MISSED or RESOLVED (below); before it PENDING; DISMISSED stands as it is. actual_outcome: true, a struggle; actual_outcome_recorded_at: known since then, an outcome without a time is not known. feature_vector: the 15 features of btwin.struggle_features() by name, each 0 to 1, null for an unknown one. reasoning: what speaks for it in words, of the application where it gave any, else the indicators. indicators: [{indicator_type, severity, context}], the newest of each type, the most severe first. intervention_applied, intervention_id: an intervention applied by then. acknowledged_at. evidence_count: rows it rests on, NULL where not known. method, version, computed_for: rule, its version and the moment the value was worked out for; method "application" and NULL for what the application wrote. reason: NULL, every row has a value.

A prediction that was worked out again shows the value known at the moment (btwin.prediction_history); one of the application counts with its own columns from predicted_at on. Rows whose probability lies outside 0 to 1 are left out.

Errors: PT400 missing_argument, out_of_range, not_allowed_value; PT403 forbidden, no_claim, analysis_disabled; PT404 unknown_learner, unknown_id (after_id).

Levels and states: Epic 5 domain model, 2.13 and 2.18. Reads struggle_predictions, struggle_indicators, learning_objectives, lectures, courses, intervention_recommendations, btwin.prediction_history, btwin.provenance.';

CREATE FUNCTION btwin_api.prediction_summary(user_id text DEFAULT NULL, status_is text DEFAULT NULL, min_probability float8 DEFAULT 0.5,
                                             topic_id_is text DEFAULT NULL, objective_id_is text DEFAULT NULL, as_of timestamptz DEFAULT NULL)
RETURNS jsonb
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER COST 1000
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan
AS $prediction_summary$
#variable_conflict use_column
DECLARE
    checked boolean;
    moment  timestamptz;
    learner text;
    answer  jsonb;
BEGIN
    checked := btwin._check_enum('status_is', prediction_summary.status_is, 'PredictionStatus')
           AND btwin._need('min_probability', prediction_summary.min_probability IS NOT NULL)
           AND btwin._check_between('min_probability', prediction_summary.min_probability, 0, 1);
    moment := btwin._moment(prediction_summary.as_of);
    learner := btwin._caller(prediction_summary.user_id);
    WITH known AS MATERIALIZED (
        SELECT p.topic_id, p.status, p.probability, p.predicted_at, p.is_selected, btwin.struggle_level(p.probability) AS level
        FROM btwin._predictions(learner, moment, prediction_summary.status_is, prediction_summary.min_probability,
                                prediction_summary.topic_id_is, prediction_summary.objective_id_is) AS p
    )
    SELECT jsonb_build_object(
               'total_count', count(*) FILTER (WHERE k.is_selected),
               'high_risk_count', count(*) FILTER (WHERE k.is_selected AND k.level = 'HIGH'),
               'medium_risk_count', count(*) FILTER (WHERE k.is_selected AND k.level = 'MEDIUM'),
               'low_risk_count', count(*) FILTER (WHERE k.is_selected AND k.level = 'LOW'),
               'by_status', jsonb_build_object(
                   'PENDING', count(*) FILTER (WHERE k.is_selected AND k.status = 'PENDING'),
                   'CONFIRMED', count(*) FILTER (WHERE k.is_selected AND k.status = 'CONFIRMED'),
                   'FALSE_POSITIVE', count(*) FILTER (WHERE k.is_selected AND k.status = 'FALSE_POSITIVE'),
                   'MISSED', count(*) FILTER (WHERE k.is_selected AND k.status = 'MISSED'),
                   'DISMISSED', count(*) FILTER (WHERE k.is_selected AND k.status = 'DISMISSED'),
                   'RESOLVED', count(*) FILTER (WHERE k.is_selected AND k.status = 'RESOLVED')),
               'by_topic', (SELECT coalesce(jsonb_agg(jsonb_build_object('topic_id', t.topic_id, 'course_name', c.name, 'count', t.n, 'max_probability', t.top)
                                                      ORDER BY t.top DESC, t.topic_id), '[]')
                            FROM (SELECT s.topic_id, count(*) AS n, max(s.probability) AS top FROM known AS s WHERE s.is_selected GROUP BY s.topic_id) AS t
                            LEFT JOIN btwin.courses AS c ON c.id = t.topic_id),
               'generated_at', max(k.predicted_at), 'computed_for', moment)
    INTO answer
    FROM known AS k;
    RETURN answer;
END
$prediction_summary$;
COMMENT ON FUNCTION btwin_api.prediction_summary(text, text, float8, text, text, timestamptz) IS
'How many struggles are predicted, by risk, state and course

Counts exactly the rows that btwin_api.predictions returns for the same arguments, without paging.

Arguments: user_id: the learner, by default the caller. status_is: only this state (PENDING, CONFIRMED, FALSE_POSITIVE, MISSED, DISMISSED, RESOLVED). min_probability: from this probability on, 0 to 1. topic_id_is: only this course. objective_id_is: only this objective. as_of: the moment; by default now.

Keys: total_count. high_risk_count (probability from 0.7), medium_risk_count (from 0.4), low_risk_count. by_status: rows of each state, all six always there. by_topic: [{topic_id, course_name, count, max_probability 0 to 1}], the highest probability first. generated_at: when any of the learner''s predictions was last worked out, NULL without any. computed_for: the moment.

Errors: PT400 missing_argument, out_of_range, not_allowed_value; PT403 forbidden, no_claim, analysis_disabled; PT404 unknown_learner.

Levels: Epic 5 domain model, 2.13. Reads struggle_predictions, learning_objectives, lectures, courses, btwin.prediction_history.';

CREATE FUNCTION btwin_api.alerts(user_id text DEFAULT NULL, max_rows integer DEFAULT 3, as_of timestamptz DEFAULT NULL)
RETURNS TABLE (id text, alert_type text, title text, message text, severity text, priority float8, prediction_id text, intervention_id text,
               days_until_due float8, created_at timestamptz, confidence float8, evidence_count integer, method text, version text,
               computed_for timestamptz, reason text)
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER COST 1000 ROWS 3
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan
AS $alerts$
#variable_conflict use_column
DECLARE
    checked boolean;
    moment  timestamptz;
    learner text;
    zone    text;
    today   timestamptz;
    load    float8;
BEGIN
    checked := btwin._check_max_rows(alerts.max_rows, 20);
    moment := btwin._moment(alerts.as_of);
    learner := btwin._caller(alerts.user_id);
    zone := btwin._zone(learner);
    -- a mission has a day rather than a time: what is planned for today is not over
    today := btwin._day_start((moment AT TIME ZONE zone)::date, zone);

    RETURN QUERY
    WITH urgent AS MATERIALIZED (
        SELECT p.id, p.learning_objective_id, p.topic_id, p.prediction_date, p.predicted_at, p.probability, p.confidence
        FROM btwin._predictions(learner, moment, 'PENDING', 0.7, NULL, NULL) AS p
        WHERE p.is_selected AND p.prediction_date >= today AND p.prediction_date <= moment + interval '72 hours'
    ), sign AS MATERIALIZED (
        SELECT n.prediction_id, count(*) FILTER (WHERE n.severity IN ('CRITICAL', 'HIGH')) AS high, count(*) FILTER (WHERE n.severity = 'MEDIUM') AS medium,
               count(*)::integer AS signs, bool_or(n.indicator_type = 'PREREQUISITE_GAP') AS has_gap,
               string_agg(replace(lower(n.indicator_type), '_', ' ') || ' (' || lower(n.severity) || ')', ', '
                          ORDER BY array_position('{CRITICAL,HIGH,MEDIUM,LOW}', n.severity), n.indicator_type) AS words
        FROM (SELECT DISTINCT ON (i.prediction_id, i.indicator_type) i.prediction_id, i.indicator_type, i.severity
              FROM btwin.struggle_indicators_window(learner, '2000-01-01 00:00+00', moment + interval '1 microsecond') AS i
              WHERE i.prediction_id IN (SELECT u.id FROM urgent AS u)
              ORDER BY i.prediction_id, i.indicator_type, i.detected_at DESC, i.id DESC) AS n
        GROUP BY n.prediction_id
    ), planned AS MATERIALIZED (
        SELECT coalesce(e.part ->> 'id', e.part ->> 'objectiveId', e.part #>> '{objective,id}') AS objective_id, min(m.date) AS date
        FROM (SELECT w.date, w.objectives FROM btwin.missions_window(learner, today, 'infinity') AS w
              WHERE w.status IN ('PENDING', 'IN_PROGRESS') OR w.completed_at > moment
              ORDER BY w.date, w.id LIMIT 5) AS m
        CROSS JOIN LATERAL jsonb_array_elements(CASE WHEN jsonb_typeof(m.objectives) = 'array' THEN m.objectives ELSE '[]' END) AS e (part)
        GROUP BY 1
    ), examined AS MATERIALIZED (
        SELECT x.course_id, min(x.date) AS date
        FROM btwin.exams_window(learner, moment, 'infinity') AS x
        WHERE x.created_at <= moment
        GROUP BY x.course_id
    ), current_load AS MATERIALIZED (
        SELECT btwin._plain_number(l.load_score) / 100 AS load
        FROM btwin.cognitive_load_metrics_window(learner, '2000-01-01 00:00+00', moment + interval '1 microsecond') AS l
        WHERE l.load_score BETWEEN 0 AND 100
        ORDER BY l.timestamp DESC, l.id DESC LIMIT 1
    )
    SELECT 'alert_' || u.id, k.alert_type,
           CASE k.alert_type WHEN 'PREREQUISITE_ALERT' THEN 'Prerequisites first: ' WHEN 'REAL_TIME_ALERT' THEN 'Hard today: ' ELSE 'Hard soon: ' END
               || coalesce(o.objective, 'an objective'),
           format('Probability of a struggle %s %%, %s. Signs: %s.', round((100 * u.probability)::numeric),
                  CASE d.days WHEN 0 THEN 'due today' WHEN 1 THEN 'due within a day' ELSE format('due within %s days', d.days) END, s.words),
           k.severity,
           100 * (0.4 * (1 - least(d.days / 3, 1)) + 0.3 * coalesce(u.confidence, 0) + 0.2 * CASE k.severity WHEN 'HIGH' THEN 1 ELSE 0.7 END
                  + 0.1 * coalesce((SELECT c.load FROM current_load AS c), 0.5)) AS priority,
           u.id, (SELECT r.id FROM btwin.intervention_recommendations AS r
                  WHERE r.prediction_id = u.id AND r.user_id = learner AND r.created_at <= moment
                    AND (r.status IN ('PENDING', 'IN_PROGRESS') OR r.applied_at > moment)
                  ORDER BY r.priority DESC, r.created_at DESC, r.id LIMIT 1),
           d.days, u.predicted_at, u.confidence, s.signs, 'btwin', 'alert-1', moment, NULL::text
    FROM urgent AS u
    JOIN sign AS s ON s.prediction_id = u.id AND (s.high >= 1 OR s.medium >= 2)
    LEFT JOIN btwin.learning_objectives AS o ON o.id = u.learning_objective_id
    LEFT JOIN planned AS m ON m.objective_id = u.learning_objective_id
    LEFT JOIN examined AS x ON x.course_id = u.topic_id
    CROSS JOIN LATERAL (SELECT CASE WHEN coalesce(m.date, x.date) IS NOT NULL
                                    THEN greatest(0, ceil(extract(epoch FROM coalesce(m.date, x.date) - moment)::float8 / 86400))
                                    WHEN u.probability > 0.8 THEN 1 ELSE 2 END) AS d (days)
    CROSS JOIN LATERAL (SELECT CASE WHEN s.has_gap THEN 'PREREQUISITE_ALERT' WHEN d.days < 1 THEN 'REAL_TIME_ALERT' ELSE 'PROACTIVE_WARNING' END,
                               CASE WHEN s.high >= 2 OR (s.high >= 1 AND s.medium >= 2) THEN 'HIGH' ELSE 'MEDIUM' END) AS k (alert_type, severity)
    ORDER BY priority DESC, 1
    LIMIT alerts.max_rows;
END
$alerts$;
COMMENT ON FUNCTION btwin_api.alerts(text, integer, timestamptz) IS
'The most urgent of the predicted struggles

Predictions that are PENDING at the moment, with a probability from 0.7 and a date from the learner''s today to 72 hours ahead, and at least one HIGH or two MEDIUM indicators.

Arguments: user_id: the learner, by default the caller. max_rows: 1 to 20. as_of: the moment; by default now.

Order: priority from the highest, id.

Columns: id: "alert_" and the prediction''s. alert_type: PREREQUISITE_ALERT with a gap among the prerequisites, else REAL_TIME_ALERT when due today, else PROACTIVE_WARNING. title, message: in words. severity: HIGH with two HIGH indicators, or one and two MEDIUM ones, else MEDIUM (CRITICAL counts as HIGH). priority: 0 to 100 = 100 (0.4 urgency + 0.3 confidence + 0.2 severity + 0.1 load); urgency = 1 - days/3, at least 0; severity 1 or 0.7; load = the newest of cognitive_load_metrics / 100, 0.5 without one. prediction_id. intervention_id: the one to begin with, open at the moment; NULL without one. days_until_due: whole days, 0 and more, to the earliest of the next five open missions that hold the objective, else to the next exam of its course, else 1 from a probability above 0.8 and 2 below. created_at: when the prediction was worked out. confidence: the prediction''s, 0 to 1. evidence_count: indicators. method, version, computed_for: btwin, alert-1, the moment. reason: NULL, every row has a priority.

Errors: PT400 missing_argument, out_of_range; PT403 forbidden, no_claim, analysis_disabled; PT404 unknown_learner.

Rule: Epic 5 domain model, 2.16. Reads struggle_predictions, struggle_indicators, missions, exams, cognitive_load_metrics, intervention_recommendations, learning_objectives, lectures, btwin.prediction_history.';

-- The 15 features of objectives of one learner, from live rows before a moment
CREATE FUNCTION btwin._struggle_features(user_id text, objective_ids text[], as_of timestamptz)
RETURNS TABLE (objective_id text, topic_id text, x float8[], evidence_count integer)
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 2000 ROWS 10
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan
AS $struggle_features$
#variable_conflict use_column
DECLARE
    learner     text := _struggle_features.user_id;
    wanted      text[] := _struggle_features.objective_ids;
    moment      timestamptz := _struggle_features.as_of;
    beginning   CONSTANT timestamptz := '2000-01-01 00:00+00';
    a_day       timestamptz := moment - interval '24 hours';
    a_week      timestamptz := moment - interval '168 hours';
    a_fortnight timestamptz := moment - interval '336 hours';
    a_month     timestamptz := moment - interval '720 hours';
    half_a_year timestamptz := moment - interval '4320 hours';
    -- cards of the objectives and of what must come before them
    card_ids    text[];
    population  btwin.forgetting;
    performance float8;
    answers     integer;
    validation  float8;
    responses   integer;
    load        float8;
    loads       integer;
    last_start  timestamptz;
BEGIN
    SELECT array_agg(c.id) INTO card_ids
    FROM (SELECT w.id FROM unnest(wanted) AS w (id)
          UNION SELECT q.prerequisite_id FROM btwin.objective_prerequisites AS q WHERE q.objective_id = ANY (wanted)) AS n
    JOIN btwin.cards AS c ON c.objective_id = n.id
    JOIN btwin.courses AS k ON k.id = c.course_id
    WHERE k.user_id = learner;
    -- the curve of nobody in particular: what a learner's own adds moves no chance here by much, and costs all reviews
    SELECT btwin.forgetting_agg(NULL::float8, NULL::boolean) INTO population;

    SELECT avg(s.good), sum(s.answers) INTO performance, answers
    FROM (SELECT avg((r.rating IN ('GOOD', 'EASY'))::int)::float8 AS good, count(*) AS answers
          FROM btwin.study_sessions_window(learner, a_week, moment) AS s
          JOIN btwin.reviews_window(learner, a_week, moment) AS r ON r.session_id = s.id
          WHERE s.completed_at <= moment
          GROUP BY s.id, s.started_at ORDER BY s.started_at DESC, s.id DESC LIMIT 5) AS s;
    SELECT avg(v.score), count(*) INTO validation, responses
    FROM (SELECT v.score FROM btwin.validation_responses_window(learner, a_fortnight, moment) AS v
          WHERE NOT v.skipped AND v.score BETWEEN 0 AND 1
          ORDER BY v.responded_at DESC, v.id DESC LIMIT 10) AS v;
    SELECT avg(btwin._plain_number(c.load_score)) / 100, count(*) INTO load, loads
    FROM btwin.cognitive_load_metrics_window(learner, a_week, moment) AS c WHERE c.load_score BETWEEN 0 AND 100;
    SELECT s.started_at INTO last_start
    FROM btwin.study_sessions_window(learner, beginning, moment) AS s
    WHERE s.completed_at <= moment ORDER BY s.started_at DESC LIMIT 1;

    RETURN QUERY
    WITH asked AS MATERIALIZED (
        SELECT o.id, l.course_id, CASE o.complexity WHEN 'BASIC' THEN 0.3 WHEN 'INTERMEDIATE' THEN 0.6 WHEN 'ADVANCED' THEN 0.9 END::float8 AS complexity
        FROM btwin.learning_objectives AS o JOIN btwin.lectures AS l ON l.id = o.lecture_id
        WHERE o.id = ANY (wanted) AND l.user_id = learner
    ), reviewed AS MATERIALIZED (
        SELECT r.card_id, r.reviews, r.last_at, r.recent, r.recent_lapses,
               -- since the first review of the card
               (r.reviews - r.lapses - (NOT r.lapsed_first)::int)::int AS successes, (r.lapses - r.lapsed_first::int)::int AS lapses
        FROM (SELECT w.card_id, count(*) AS reviews, max(w.reviewed_at) AS last_at, count(*) FILTER (WHERE w.rating = 'AGAIN') AS lapses,
                     coalesce(min(w.reviewed_at) FILTER (WHERE w.rating = 'AGAIN') = min(w.reviewed_at), false) AS lapsed_first,
                     count(*) FILTER (WHERE w.reviewed_at >= a_month) AS recent, count(*) FILTER (WHERE w.reviewed_at >= a_month AND w.rating = 'AGAIN') AS recent_lapses
              FROM btwin.reviews_window(learner, beginning, moment) AS w WHERE w.card_id IN (SELECT unnest(card_ids))
              GROUP BY w.card_id) AS r
    ), known AS MATERIALIZED (
        -- mastery: chance that a card would be recalled now, 0 for one never seen
        SELECT c.objective_id, sum(coalesce(btwin.retention(population, extract(epoch FROM moment - r.last_at)::float8 / 86400, r.successes, r.lapses), 0))
                                   / count(*) AS mastery,
               count(r.card_id) AS seen, coalesce(sum(r.reviews), 0) AS reviews, sum(r.recent) AS recent, sum(r.recent_lapses) AS recent_lapses
        FROM btwin.cards AS c LEFT JOIN reviewed AS r ON r.card_id = c.id
        WHERE c.id = ANY (card_ids) AND (c.created_at <= moment OR r.card_id IS NOT NULL)
        GROUP BY c.objective_id
    ), needed AS MATERIALIZED (
        SELECT q.objective_id, avg((coalesce(k.mastery, 0) < 0.5)::int)::float8 AS gap_count, 1 - avg(coalesce(k.mastery, 0)) AS mastery_gap, sum(k.reviews) AS reviews
        FROM btwin.objective_prerequisites AS q LEFT JOIN known AS k ON k.objective_id = q.prerequisite_id
        WHERE q.objective_id = ANY (wanted)
        GROUP BY q.objective_id
    ), measured AS MATERIALIZED (
        -- the row of a day holds all of it: the last day is not over
        SELECT p.learning_objective_id, count(*) AS days, avg(p.retention_score) AS retention,
               -- not before the oldest three days and the newest three are six
               CASE WHEN count(*) >= 6 THEN greatest(0, least(1, 0.5 + avg(p.retention_score) FILTER (WHERE p.oldest <= 3)
                                                                - avg(p.retention_score) FILTER (WHERE p.newest <= 3))) END AS decline
        FROM (SELECT w.learning_objective_id, w.retention_score, row_number() OVER (PARTITION BY w.learning_objective_id ORDER BY w.date, w.id) AS oldest,
                     row_number() OVER (PARTITION BY w.learning_objective_id ORDER BY w.date DESC, w.id DESC) AS newest
              FROM btwin.performance_metrics_window(learner, a_month, a_day) AS w
              WHERE w.learning_objective_id = ANY (wanted) AND w.retention_score BETWEEN 0 AND 1) AS p
        GROUP BY p.learning_objective_id
    ), decided AS MATERIALIZED (
        SELECT d.course_id, count(*) AS outcomes, count(*) FILTER (WHERE d.struggled) AS struggles
        FROM (SELECT l.course_id, w.actual_outcome AS struggled,
                     row_number() OVER (PARTITION BY l.course_id ORDER BY w.actual_outcome_recorded_at DESC, w.id DESC) AS newest
              FROM btwin.struggle_predictions_window(learner, half_a_year, moment + interval '744 hours') AS w
              JOIN btwin.learning_objectives AS o ON o.id = w.learning_objective_id JOIN btwin.lectures AS l ON l.id = o.lecture_id
              WHERE w.actual_outcome IS NOT NULL AND w.actual_outcome_recorded_at < moment AND w.actual_outcome_recorded_at >= half_a_year
                AND l.course_id IN (SELECT a.course_id FROM asked AS a)) AS d
        WHERE d.newest <= 10
        GROUP BY d.course_id
    ), examined AS MATERIALIZED (
        SELECT e.course_id, min(e.date) AS date
        FROM btwin.exams_window(learner, moment, moment + interval '2160 hours') AS e WHERE e.created_at <= moment
        GROUP BY e.course_id
    )
    SELECT a.id, a.course_id,
           btwin.struggle_vector(
               retention_score => m.retention, retention_decline_rate => m.decline, review_lapse_rate => k.recent_lapses::float8 / nullif(k.recent, 0)::float8,
               session_performance_score => performance, validation_score => validation,
               -- where nobody says what must come before what, nothing is known of it
               prerequisite_gap_count => coalesce(n.gap_count, p.none), prerequisite_mastery_gap => coalesce(n.mastery_gap, p.none),
               content_complexity => a.complexity,
               complexity_mismatch => greatest(a.complexity - CASE WHEN k.seen > 0 THEN k.mastery ELSE 0.5 END, 0 * a.complexity),
               -- struggles in the course beyond the 38 in 100 of the prior model, held back by the weight of five outcomes
               historical_struggle_score => greatest((d.struggles - 0.38 * d.outcomes)::float8 / (0.62 * (d.outcomes + 5))::float8, 0 * d.outcomes),
               cognitive_load_indicator => load,
               -- looked for in 90 days
               days_until_exam => coalesce(extract(epoch FROM e.date - moment)::float8 / 86400 / 90, 1),
               days_since_last_study => CASE WHEN last_start IS NOT NULL THEN least(extract(epoch FROM moment - last_start)::float8 / 86400 / 30, 1) END),
           (coalesce(k.reviews, 0) + coalesce(n.reviews, 0) + coalesce(m.days, 0) + coalesce(d.outcomes, 0)
            + coalesce(answers, 0) + responses + loads + (last_start IS NOT NULL)::int)::integer
    FROM asked AS a
    LEFT JOIN known AS k ON k.objective_id = a.id
    LEFT JOIN needed AS n ON n.objective_id = a.id
    LEFT JOIN measured AS m ON m.learning_objective_id = a.id
    LEFT JOIN decided AS d ON d.course_id = a.course_id
    LEFT JOIN examined AS e ON e.course_id = a.course_id
    CROSS JOIN (SELECT CASE WHEN EXISTS (SELECT FROM btwin.lectures AS l JOIN btwin.learning_objectives AS o ON o.lecture_id = l.id
                                         JOIN btwin.objective_prerequisites AS q ON q.objective_id = o.id
                                         WHERE l.user_id = learner) THEN 0::float8 END AS none) AS p;
END
$struggle_features$;
COMMENT ON FUNCTION btwin._struggle_features(text, text[], timestamptz) IS
'Internal: the 15 features of struggle_features() for objectives of a learner, from rows before a moment; a row for each objective that is the learner''s. NULL: no row tells. evidence_count: rows behind them, 0 where nothing is known of the learner. What each feature is made of: doc/api_struggle.md.';

CREATE FUNCTION btwin._struggle_model(user_id text, as_of timestamptz) RETURNS btwin.logit_model
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 1000
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan
AS $struggle_model$
DECLARE
    step btwin.logit_step;
BEGIN
    -- the store is asked only where there is an outcome
    IF EXISTS (SELECT FROM btwin.struggle_predictions AS p WHERE p.user_id = _struggle_model.user_id AND p.actual_outcome_recorded_at < as_of AND p.actual_outcome IS NOT NULL) THEN
        step := btwin.learner_struggle(_struggle_model.user_id, as_of);
    END IF;
    RETURN coalesce(btwin.logit_next(step, btwin.struggle_model()), btwin.struggle_model());
END
$struggle_model$;
COMMENT ON FUNCTION btwin._struggle_model(text, timestamptz) IS
'Internal: the model of struggle for a learner at a moment: struggle_model() and one Newton step on the learner''s own outcomes recorded before it. Version struggle-1.';

CREATE FUNCTION btwin_api.explain_struggle(user_id text DEFAULT NULL, prediction_id text DEFAULT NULL, objective_id text DEFAULT NULL,
                                           method_is text DEFAULT 'btwin', as_of timestamptz DEFAULT NULL)
RETURNS TABLE (factor text, value float8, weight float8, contribution float8, contribution_logit float8, description text, is_base boolean, version text)
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER COST 2000 ROWS 17
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan
AS $explain_struggle$
#variable_conflict use_column
DECLARE
    checked boolean;
    moment  timestamptz;
    learner text;
    x       float8[];
    -- the stored probability, NULL where it is worked out here; and when
    stored  float8;
    made_at timestamptz;
    model   btwin.logit_model;
BEGIN
    checked := btwin._need('prediction_id', explain_struggle.prediction_id IS NOT NULL OR explain_struggle.objective_id IS NOT NULL);
    IF explain_struggle.prediction_id IS NOT NULL AND explain_struggle.objective_id IS NOT NULL THEN
        PERFORM btwin._refuse('PT400', 'not_allowed_value', 'both "prediction_id" and "objective_id" were given', 'Give one of them.', 'objective_id');
    END IF;
    checked := btwin._check_method(explain_struggle.method_is);
    moment := btwin._moment(explain_struggle.as_of);
    learner := btwin._caller(explain_struggle.user_id);

    IF explain_struggle.prediction_id IS NOT NULL THEN
        -- among the learner's rows, not by the key: a row of somebody else is not read
        PERFORM FROM btwin.struggle_predictions AS p WHERE p.user_id = learner AND p.id IS NOT DISTINCT FROM explain_struggle.prediction_id;
        IF NOT FOUND THEN
            PERFORM btwin._refuse_foreign();
        END IF;
        SELECT CASE WHEN h.computed_for IS NULL THEN btwin.stored_struggle_vector(p.feature_vector) ELSE btwin.stored_struggle_vector(h.feature_vector) END,
               coalesce(h.probability, p.predicted_struggle_probability), coalesce(h.computed_for, p.predicted_at)
        INTO x, stored, made_at
        FROM btwin.struggle_predictions AS p
        LEFT JOIN LATERAL (SELECT h.* FROM btwin.prediction_history AS h
                           WHERE h.user_id = learner AND h.prediction_id = p.id AND h.computed_for <= moment
                           ORDER BY h.computed_for DESC LIMIT 1) AS h ON true
        WHERE p.id = explain_struggle.prediction_id AND p.user_id = learner
          AND coalesce(h.probability, p.predicted_struggle_probability) BETWEEN 0 AND 1
          AND (h.computed_for IS NOT NULL
               OR (p.predicted_at <= moment
                   AND NOT EXISTS (SELECT FROM btwin.prediction_history AS o WHERE o.user_id = learner AND o.prediction_id = p.id)));
        -- it was not known yet
        IF NOT FOUND THEN
            RETURN;
        END IF;
    ELSE
        -- from the learner's lectures, for the same reason
        PERFORM FROM btwin.learning_objectives AS o
                WHERE o.lecture_id = ANY (ARRAY(SELECT l.id FROM btwin.lectures AS l WHERE l.user_id = learner))
                  AND o.id IS NOT DISTINCT FROM explain_struggle.objective_id;
        IF NOT FOUND THEN
            PERFORM btwin._refuse_foreign();
        END IF;
        SELECT f.x INTO x FROM btwin._struggle_features(learner, ARRAY[explain_struggle.objective_id], moment) AS f WHERE f.evidence_count > 0;
        IF NOT FOUND THEN
            RETURN;
        END IF;
        made_at := moment;
    END IF;

    IF explain_struggle.method_is = 'epic5' THEN
        RETURN QUERY
        WITH part AS MATERIALIZED (
            SELECT c.factor, c.value, c.weight, c.contribution FROM btwin.epic5_struggle_contributions(x) AS c
        )
        SELECT s.factor, s.value, s.weight, s.contribution, NULL::float8, s.description, false, 'epic5-1'
        FROM (SELECT p.factor, p.value, p.weight, p.contribution,
                     CASE p.factor WHEN 'baseline_floor' THEN 'what the baseline adds, since the terms sum to less than 0.4'
                                   WHEN 'cap' THEN 'what the limit of 1 takes' ELSE f.meaning END AS description
              FROM part AS p LEFT JOIN btwin.struggle_features() AS f ON f.feature = p.factor
              UNION ALL
              SELECT 'calibration', NULL, NULL, r.rest, 'what the stored probability has beyond this rule'
              FROM (SELECT stored - coalesce(sum(p.contribution), 0) FROM part AS p) AS r (rest)
              -- more than rounding
              WHERE round(r.rest::numeric, 12) <> 0) AS s
        ORDER BY abs(s.contribution) DESC, s.factor;
        RETURN;
    END IF;

    model := btwin._struggle_model(learner, made_at);
    RETURN QUERY
    WITH part AS MATERIALIZED (
        SELECT c.factor, c.value, c.weight, c.contribution, c.contribution_logit, c.is_base FROM btwin.contributions(model, x) AS c
    )
    SELECT s.factor, s.value, s.weight, s.contribution, s.contribution_logit, s.description, s.is_base, 'struggle-1'
    FROM (SELECT p.factor, p.value, p.weight, p.contribution, p.contribution_logit, p.is_base,
                 CASE p.factor WHEN 'base' THEN 'probability where every feature is at its mean'
                               WHEN 'uncertainty' THEN 'what averaging over the unknown does' ELSE f.meaning END AS description
          FROM part AS p LEFT JOIN btwin.struggle_features() AS f ON f.feature = p.factor
          UNION ALL
          SELECT 'calibration', NULL, NULL, stored - r.reached, CASE WHEN stored > 0 AND stored < 1 THEN ln(stored / (1 - stored)) - r.logit END, false,
                 'what the stored probability has beyond this model'
          FROM (SELECT sum(p.contribution), sum(p.contribution_logit) FROM part AS p) AS r (reached, logit)
          -- more than rounding
          WHERE round((stored - r.reached)::numeric, 12) <> 0) AS s
    ORDER BY s.is_base DESC, abs(s.contribution) DESC, s.factor;
END
$explain_struggle$;
COMMENT ON FUNCTION btwin_api.explain_struggle(text, text, text, text, timestamptz) IS
'What the probability of a struggle is made of

For a stored prediction, as it was known at the moment, or for an objective, worked out from live rows. The contributions sum to the probability. No rows where there is none: a prediction that was not known yet, an objective of a learner of whom no row tells anything.

Arguments: user_id: the learner, by default the caller. prediction_id or objective_id: one of them. method_is: btwin (the model) or epic5 (the reference''s terms; unknown features take its defaults). as_of: the moment; by default now.

Order: is_base first, the size of the contribution, factor.

Columns: factor: a feature of btwin.struggle_features(), or a step: base (the probability at the features'' means), uncertainty (averaging over the unknown), baseline_floor and cap (epic5), calibration (what a stored probability has beyond this model or rule: all of it that is another''s). value: of the feature, 0 to 1, NULL for an unknown one and for steps. weight: coefficient, or factor of the term. contribution: part of the probability. contribution_logit: part of the log odds (btwin). description: in words. is_base: the base. version: struggle-1 or epic5-1.

Errors: PT400 missing_argument (neither id), not_allowed_value (both), out_of_range; PT403 forbidden, no_claim, analysis_disabled; PT404 unknown_learner, unknown_id.

Rules: doc/struggle.md; Epic 5 domain model, 2.11 and 2.12. Reads struggle_predictions, learning_objectives, lectures, courses, cards, objective_prerequisites, reviews, study_sessions, performance_metrics, validation_responses, cognitive_load_metrics, exams, btwin.prediction_history, and of outcomes the store.';
