-- Predictions: what a learner will probably find hard in the days to come, the signs
-- of it, and what may be done about it.

INSERT INTO btwin.phrase (locale, key, phrase) VALUES
    ('en', 'struggle.PREREQUISITE_REVIEW',              'One or two days before "%s", review what it builds on, 15 minutes for each.'),
    ('en', 'struggle.PREREQUISITE_REVIEW.reason',       '%s %% of what it builds on is not known well enough.'),
    ('en', 'struggle.DIFFICULTY_PROGRESSION',           'Begin "%s" with a simple introduction, and give it a quarter more time.'),
    ('en', 'struggle.DIFFICULTY_PROGRESSION.reason',    'It lies %s points of 100 above what is known of it.'),
    ('en', 'struggle.COGNITIVE_LOAD_REDUCE',            'Halve the mission with "%s", with a break every 20 minutes and at most 5 new cards.'),
    ('en', 'struggle.COGNITIVE_LOAD_REDUCE.reason',     'The load of the last week is %s of 100.'),
    ('en', 'struggle.SPACED_REPETITION_BOOST',          'Review "%s" after 1, 3 and 7 days, for two weeks.'),
    ('en', 'struggle.SPACED_REPETITION_BOOST.reason',   'Struggles in this course go %s points of 100 beyond what is usual.'),
    ('en', 'struggle.BREAK_SCHEDULE_ADJUST',            'While studying "%s", take a break of 5 minutes every 25, and move a little.'),
    ('en', 'struggle.BREAK_SCHEDULE_ADJUST.reason',     'The load of the last week is %s of 100, and results suffer.'),
    ('en', 'struggle.probability',                      'Probability of a struggle %s %%.'),
    ('en', 'struggle.session_minutes',                  'Sessions of %s minutes suit you.'),
    ('en', 'struggle.preferred_time',                   'A good time for it: %s to %s o''clock.'),
    ('en', 'struggle.notification.title',               'Help with what may get hard'),
    ('en', 'struggle.notification.message',             'Interventions suggested: %s. To begin with: %s');

-- A prediction on its way from features to rows
CREATE TYPE btwin._prediction_draft AS (
    objective_id    text,
    topic_id        text,
    x               float8[],
    probability     float8,
    low             float8,
    high            float8,
    confidence      float8,
    evidence_count  integer,
    prediction_date timestamptz,
    due             text,
    prediction_id   text,
    -- new, again (another value, in place), kept
    action          text
);
COMMENT ON TYPE btwin._prediction_draft IS
'Internal: what _draft_predictions() hands to _store_predictions().';

-- Inlined by the planner: no SET, string bodies.
CREATE FUNCTION btwin._struggle_signs(x float8[]) RETURNS TABLE (indicator_type text, feature text, value float8, severity text)
LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 2
AS $struggle_signs$
SELECT s.indicator_type, s.feature, s.value, CASE WHEN s.value OPERATOR(pg_catalog.>) 0.7 THEN 'HIGH' ELSE 'MEDIUM' END
FROM (VALUES ('LOW_RETENTION', 'retention_score', 1 OPERATOR(pg_catalog.-) x[1]),
             ('PREREQUISITE_GAP', 'prerequisite_gap_count', x[6]),
             ('COMPLEXITY_MISMATCH', 'complexity_mismatch', x[9]),
             ('HISTORICAL_STRUGGLE_PATTERN', 'historical_struggle_score', x[10]),
             ('COGNITIVE_OVERLOAD', 'cognitive_load_indicator', x[12])) AS s (indicator_type, feature, value)
WHERE s.value OPERATOR(pg_catalog.>) 0.5
$struggle_signs$;
COMMENT ON FUNCTION btwin._struggle_signs(float8[]) IS
'Internal: signs of a struggle in the 15 features: a quantity above 0.5, severity HIGH above 0.7, else MEDIUM; for LOW_RETENTION 1 - retention. Unknown features are no sign.';

CREATE FUNCTION btwin._struggle_remedies(x float8[]) RETURNS TABLE (intervention_type text, priority integer, value float8)
LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 2
AS $struggle_remedies$
SELECT r.intervention_type, r.priority, r.value
FROM (VALUES ('PREREQUISITE_REVIEW', 9, x[6], x[6] OPERATOR(pg_catalog.>) 0.5),
             ('DIFFICULTY_PROGRESSION', 8, x[9], x[9] OPERATOR(pg_catalog.>) 0.6),
             ('COGNITIVE_LOAD_REDUCE', 8, x[12], x[12] OPERATOR(pg_catalog.>) 0.7),
             ('SPACED_REPETITION_BOOST', 6, x[10], x[10] OPERATOR(pg_catalog.>) 0.6),
             ('BREAK_SCHEDULE_ADJUST', 5, x[12], x[12] OPERATOR(pg_catalog.>) 0.6 AND x[4] OPERATOR(pg_catalog.<) 0.6)) AS r (intervention_type, priority, value, is_indicated)
WHERE r.is_indicated
$struggle_remedies$;
COMMENT ON FUNCTION btwin._struggle_remedies(float8[]) IS
'Internal: interventions that the 15 features indicate (Epic 5 domain model, 2.17), with their priority and the quantity that indicates them. A new format is not among them: the feature for it is never known.';

CREATE FUNCTION btwin._prediction_candidates(learner text, moment timestamptz, days_ahead integer)
RETURNS TABLE (objective_id text, prediction_date timestamptz, due text)
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 30
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan
AS $prediction_candidates$
#variable_conflict use_column
DECLARE
    zone    text := btwin._zone(learner);
    today   date := (moment AT TIME ZONE zone)::date;
    begins  timestamptz := btwin._day_start(today, zone);
    last_at timestamptz := btwin._day_start(today + days_ahead, zone);
    ends    timestamptz := btwin._day_start(today + days_ahead + 1, zone);
BEGIN
    RETURN QUERY
    WITH planned AS MATERIALIZED (
        SELECT coalesce(e.part ->> 'id', e.part ->> 'objectiveId', e.part #>> '{objective,id}') AS id, min(m.date) AS date
        FROM btwin.missions_window(learner, begins, ends) AS m
        CROSS JOIN LATERAL jsonb_array_elements(CASE WHEN jsonb_typeof(m.objectives) = 'array' THEN m.objectives ELSE '[]' END) AS e (part)
        WHERE m.status IN ('PENDING', 'IN_PROGRESS') OR m.completed_at > moment
        GROUP BY 1
    ), learned AS MATERIALIZED (
        SELECT o.id, l.course_id, p.date, o.mastery_level, o.weakness_score, o.is_high_yield
        FROM btwin.lectures AS l JOIN btwin.learning_objectives AS o ON o.lecture_id = l.id LEFT JOIN planned AS p ON p.id = o.id
        WHERE l.user_id = learner AND o.created_at <= moment
    ), chosen AS (
        SELECT n.id, n.course_id, n.date FROM learned AS n WHERE n.date IS NOT NULL
        UNION ALL
        (SELECT n.id, n.course_id, NULL FROM learned AS n WHERE n.date IS NULL AND n.mastery_level <> 'MASTERED'
         ORDER BY n.weakness_score DESC, n.is_high_yield DESC, n.id LIMIT 10)
    ), examined AS MATERIALIZED (
        SELECT x.course_id, min(x.date) AS date FROM btwin.exams_window(learner, moment, ends) AS x WHERE x.created_at <= moment GROUP BY x.course_id
    )
    SELECT c.id, coalesce(c.date, x.date, last_at), CASE WHEN c.date IS NOT NULL THEN 'mission' WHEN x.date IS NOT NULL THEN 'exam' ELSE 'horizon' END
    FROM chosen AS c LEFT JOIN examined AS x ON x.course_id = c.course_id;
END
$prediction_candidates$;
COMMENT ON FUNCTION btwin._prediction_candidates(text, timestamptz, integer) IS
'Internal: objectives to predict for: those of open missions from the learner''s today to days_ahead days later, and the ten weakest of the others that are not mastered; with the day each is due and what for: mission, exam (of the course, within the horizon), horizon (its last day).';

CREATE FUNCTION btwin._draft_predictions(learner text, moment timestamptz, days_ahead integer, method text, model btwin.logit_model,
    OUT drafts btwin._prediction_draft[], OUT candidates integer, OUT skipped integer)
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan
AS $draft_predictions$
#variable_conflict use_column
DECLARE
    -- another value: this much, or another day, rule or version
    least_change    CONSTANT float8 := 0.01;
    ids             text[];
    dates           timestamptz[];
    dues            text[];
    rule_version    text := CASE method WHEN 'epic5' THEN 'epic5-1' ELSE 'struggle-1' END;
    zone            text := btwin._zone(learner);
    today           timestamptz := btwin._day_start((moment AT TIME ZONE zone)::date, zone);
    horizon_at      timestamptz := btwin._day_start((moment AT TIME ZONE zone)::date + days_ahead, zone);
BEGIN
    SELECT array_agg(c.objective_id), array_agg(c.prediction_date), array_agg(c.due), count(*), count(*) INTO ids, dates, dues, candidates, skipped
    FROM btwin._prediction_candidates(learner, moment, days_ahead) AS c;
    IF candidates = 0 THEN
        RETURN;
    END IF;

    WITH known AS MATERIALIZED (
        SELECT f.objective_id, f.topic_id, f.x, f.evidence_count
        FROM btwin._struggle_features(learner, ids, moment) AS f WHERE f.evidence_count > 0
    ), predicted AS MATERIALIZED (
        SELECT k.*, p.probability, p.low, p.high, p.confidence
        FROM known AS k CROSS JOIN LATERAL btwin.predict(model, k.x) AS p WHERE method <> 'epic5'
        UNION ALL
        SELECT k.*, e.probability, NULL, NULL, e.confidence
        FROM known AS k CROSS JOIN LATERAL btwin.epic5_struggle(k.x) AS e WHERE method = 'epic5'
    ), stored AS MATERIALIZED (
        -- of an objective the one that is open, and whether anything of a later moment is known
        SELECT s.learning_objective_id,
               (array_agg(s.id ORDER BY s.predicted_at DESC, s.id DESC) FILTER (WHERE s.is_open))[1] AS id,
               bool_or(s.is_open AND s.predicted_at > moment OR s.actual_outcome_recorded_at > moment
                       OR s.prediction_status = 'DISMISSED' AND s.prediction_date >= today) AS is_closed
        FROM (SELECT p.id, p.learning_objective_id, p.predicted_at, p.prediction_date, p.prediction_status, p.actual_outcome_recorded_at,
                     p.prediction_status = 'PENDING' AND p.actual_outcome IS NULL AS is_open
              FROM btwin.struggle_predictions AS p WHERE p.user_id = learner AND p.learning_objective_id = ANY (ids)) AS s
        GROUP BY s.learning_objective_id
    )
    SELECT array_agg(ROW(p.objective_id, p.topic_id, p.x, p.probability, p.low, p.high, p.confidence, p.evidence_count, t.prediction_date, d.due,
                         coalesce(s.id, btwin._new_id()),
                         CASE WHEN s.id IS NULL THEN 'new'
                              WHEN v.method = _draft_predictions.method AND v.version = rule_version AND t.prediction_date = o.prediction_date
                               AND o.predicted_struggle_probability BETWEEN p.probability - least_change AND p.probability + least_change
                              THEN 'kept' ELSE 'again' END)::btwin._prediction_draft
                     ORDER BY p.objective_id) FILTER (WHERE s.is_closed IS NOT TRUE),
           candidates - count(*)
    INTO drafts, skipped
    FROM predicted AS p
    JOIN unnest(ids, dates, dues) AS d (objective_id, prediction_date, due) ON d.objective_id = p.objective_id
    LEFT JOIN stored AS s ON s.learning_objective_id = p.objective_id
    LEFT JOIN btwin.struggle_predictions AS o ON o.id = s.id AND o.user_id = learner
    LEFT JOIN btwin.provenance AS v ON v.user_id = learner AND v.kind = 'struggle_predictions' AND v.id = s.id
    -- the end of the horizon moves every day: it stays what it was until it has come
    CROSS JOIN LATERAL (SELECT CASE WHEN d.due = 'horizon' AND o.struggling_factors ->> 'due' = 'horizon' AND o.prediction_date > moment AND o.prediction_date <= horizon_at
                                    THEN o.prediction_date ELSE d.prediction_date END) AS t (prediction_date);
END
$draft_predictions$;
COMMENT ON FUNCTION btwin._draft_predictions(text, timestamptz, integer, text, btwin.logit_model) IS
'Internal: predictions for the candidates of a learner, each with the row it goes to: a new one, or the open one of its objective, which is kept as it is unless the probability moved by more than 0.01 or day, rule or version are others. Left out: objectives of which no row tells anything (skipped counts them), those whose prediction was worked out or decided after the moment, or dismissed for today or later.';

CREATE FUNCTION btwin._store_predictions(learner text, moment timestamptz, method text, drafts btwin._prediction_draft[], OUT stored integer, OUT interventions integer)
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan
AS $store_predictions$
#variable_conflict use_column
DECLARE
    version     text := CASE method WHEN 'epic5' THEN 'epic5-1' ELSE 'struggle-1' END;
    ids         text[];
    words       jsonb;
    profile     record;
    first       record;
BEGIN
    interventions := 0;
    -- the application may have decided one in the meantime
    WITH again AS (
        UPDATE btwin.struggle_predictions AS p
        SET topic_id = d.topic_id, predicted_struggle_probability = d.probability, prediction_confidence = d.confidence, feature_vector = btwin._feature_document(d.x),
            struggling_factors = jsonb_build_object('indicators', to_jsonb(ARRAY(SELECT i.indicator_type FROM btwin._struggle_signs(d.x) AS i)), 'confidence', d.confidence, 'due', d.due),
            prediction_date = d.prediction_date, predicted_at = moment
        FROM unnest(drafts) AS d, btwin.struggle_predictions AS was
        WHERE d.action = 'again' AND p.id = d.prediction_id AND p.user_id = learner AND p.prediction_status = 'PENDING' AND p.actual_outcome IS NULL
          AND was.id = p.id AND was.user_id = learner
        RETURNING p.id, was.predicted_at, was.prediction_date, was.predicted_struggle_probability AS probability, was.prediction_confidence AS confidence, was.feature_vector
    ), before AS (
        -- what the application had said: from now on there is a history
        INSERT INTO btwin.prediction_history (user_id, prediction_id, computed_for, probability, confidence, prediction_date, feature_vector, method, version)
        SELECT learner, a.id, a.predicted_at, a.probability, CASE WHEN a.confidence BETWEEN 0 AND 1 THEN a.confidence END, a.prediction_date, a.feature_vector, 'application', 'application'
        FROM again AS a
        WHERE a.probability BETWEEN 0 AND 1 AND a.predicted_at < moment
          AND NOT EXISTS (SELECT FROM btwin.prediction_history AS h WHERE h.user_id = learner AND h.prediction_id = a.id)
    ), new AS (
        INSERT INTO btwin.struggle_predictions (id, user_id, learning_objective_id, topic_id, predicted_struggle_probability, prediction_confidence, prediction_status,
                                                feature_vector, struggling_factors, prediction_date, predicted_at, intervention_applied)
        SELECT d.prediction_id, learner, d.objective_id, d.topic_id, d.probability, d.confidence, 'PENDING', btwin._feature_document(d.x),
               jsonb_build_object('indicators', to_jsonb(ARRAY(SELECT i.indicator_type FROM btwin._struggle_signs(d.x) AS i)), 'confidence', d.confidence, 'due', d.due),
               d.prediction_date, moment, false
        FROM unnest(drafts) AS d WHERE d.action = 'new'
        RETURNING id
    )
    SELECT array_agg(w.id), count(*) INTO ids, stored FROM (SELECT a.id FROM again AS a UNION ALL SELECT n.id FROM new AS n) AS w;
    IF stored = 0 THEN
        RETURN;
    END IF;

    INSERT INTO btwin.prediction_history AS h (user_id, prediction_id, computed_for, probability, low, high, confidence, prediction_date, feature_vector, method, version)
    SELECT learner, d.prediction_id, moment, d.probability, d.low, d.high, d.confidence, d.prediction_date, btwin._feature_document(d.x), method, version
    FROM unnest(drafts) AS d WHERE d.prediction_id = ANY (ids)
    ON CONFLICT (user_id, prediction_id, computed_for) DO UPDATE
    SET probability = excluded.probability, low = excluded.low, high = excluded.high, confidence = excluded.confidence, prediction_date = excluded.prediction_date,
        feature_vector = excluded.feature_vector, method = excluded.method, version = excluded.version;
    INSERT INTO btwin.provenance (user_id, kind, id, method, version, computed_for, evidence_count, low, high)
    SELECT learner, 'struggle_predictions', d.prediction_id, method, version, moment, d.evidence_count, d.low, d.high
    FROM unnest(drafts) AS d WHERE d.prediction_id = ANY (ids)
    ON CONFLICT (user_id, kind, id) DO UPDATE
    SET method = excluded.method, version = excluded.version, computed_for = excluded.computed_for, evidence_count = excluded.evidence_count, low = excluded.low, high = excluded.high;

    -- signs: what is gone goes, what has another severity is told again
    DELETE FROM btwin.struggle_indicators AS i
    WHERE i.user_id = learner AND i.prediction_id = ANY (ids)
      AND i.indicator_type IN ('LOW_RETENTION', 'PREREQUISITE_GAP', 'COMPLEXITY_MISMATCH', 'HISTORICAL_STRUGGLE_PATTERN', 'COGNITIVE_OVERLOAD')
      AND NOT EXISTS (SELECT FROM unnest(drafts) AS d CROSS JOIN LATERAL btwin._struggle_signs(d.x) AS s
                      WHERE d.prediction_id = i.prediction_id AND s.indicator_type = i.indicator_type);
    INSERT INTO btwin.struggle_indicators (id, user_id, learning_objective_id, prediction_id, indicator_type, severity, context, detected_at)
    SELECT btwin._new_id(), learner, d.objective_id, d.prediction_id, s.indicator_type, s.severity, jsonb_build_object('feature', s.feature, 'value', s.value), moment
    FROM unnest(drafts) AS d CROSS JOIN LATERAL btwin._struggle_signs(d.x) AS s
    WHERE d.prediction_id = ANY (ids)
      AND s.severity IS DISTINCT FROM (SELECT i.severity FROM btwin.struggle_indicators AS i
                                       WHERE i.user_id = learner AND i.prediction_id = d.prediction_id AND i.indicator_type = s.indicator_type
                                       ORDER BY i.detected_at DESC, i.id DESC LIMIT 1);

    IF NOT EXISTS (SELECT FROM unnest(drafts) AS d WHERE d.prediction_id = ANY (ids) AND d.probability >= 0.6) THEN
        RETURN;
    END IF;
    SELECT jsonb_object_agg(p.key, p.phrase) INTO words
    FROM btwin._phrase_rows(ARRAY(SELECT 'struggle.' || t || s
                                  FROM unnest('{PREREQUISITE_REVIEW,DIFFICULTY_PROGRESSION,COGNITIVE_LOAD_REDUCE,SPACED_REPETITION_BOOST,BREAK_SCHEDULE_ADJUST}'::text[]) AS t,
                                       unnest('{"",.reason}'::text[]) AS s)
                            || '{struggle.probability,struggle.session_minutes,struggle.preferred_time,struggle.notification.title,struggle.notification.message}') AS p;
    SELECT l.optimal_session_duration AS minutes,
           btwin._json_number(coalesce(t.part -> 'startHour', t.part -> 'start_hour'), 0, 23)::int AS start_hour,
           btwin._json_number(coalesce(t.part -> 'endHour', t.part -> 'end_hour'), 1, 24)::int AS end_hour
    INTO profile
    FROM (SELECT) AS one
    LEFT JOIN btwin.user_learning_profiles AS l ON l.user_id = learner
    CROSS JOIN LATERAL (SELECT CASE WHEN jsonb_typeof(l.preferred_study_times) = 'array' THEN l.preferred_study_times -> 0 END) AS t (part);

    WITH proposed AS MATERIALIZED (
        SELECT btwin._new_id() AS id, d.prediction_id, d.objective_id, d.probability, d.evidence_count, r.intervention_type, r.priority,
               concat_ws(' ', format(words ->> ('struggle.' || r.intervention_type), o.objective),
                         CASE WHEN r.intervention_type = 'COGNITIVE_LOAD_REDUCE' AND profile.minutes IS NOT NULL THEN format(words ->> 'struggle.session_minutes', profile.minutes) END,
                         CASE WHEN profile.start_hour < profile.end_hour THEN format(words ->> 'struggle.preferred_time', profile.start_hour, profile.end_hour) END) AS description,
               format(words ->> 'struggle.probability', round((100 * d.probability)::numeric)) || ' '
                   || format(words ->> ('struggle.' || r.intervention_type || '.reason'), round((100 * r.value)::numeric)) AS reasoning
        FROM unnest(drafts) AS d
        CROSS JOIN LATERAL btwin._struggle_remedies(d.x) AS r
        JOIN btwin.learning_objectives AS o ON o.id = d.objective_id
        WHERE d.prediction_id = ANY (ids) AND d.probability >= 0.6
          AND NOT EXISTS (SELECT FROM btwin.intervention_recommendations AS i
                          WHERE i.user_id = learner AND i.prediction_id = d.prediction_id AND i.intervention_type = r.intervention_type)
    ), made AS (
        INSERT INTO btwin.intervention_recommendations (id, user_id, prediction_id, intervention_type, description, reasoning, priority, status, related_objective_id, created_at)
        SELECT p.id, learner, p.prediction_id, p.intervention_type, p.description, p.reasoning, p.priority, 'PENDING', p.objective_id, moment FROM proposed AS p
    ), recorded AS (
        INSERT INTO btwin.provenance (user_id, kind, id, method, version, computed_for, evidence_count)
        SELECT learner, 'intervention_recommendations', p.id, 'btwin', 'intervention-1', moment, p.evidence_count FROM proposed AS p
    )
    SELECT p.id, p.description, count(*) OVER () AS n, max(p.probability) OVER () AS highest INTO first
    FROM proposed AS p ORDER BY p.priority DESC, p.probability DESC, p.objective_id;
    IF first.id IS NOT NULL THEN
        interventions := first.n;
        PERFORM btwin._notify(learner, 'INTERVENTION_SUGGESTED', words ->> 'struggle.notification.title',
                              format(words ->> 'struggle.notification.message', first.n, first.description),
                              CASE WHEN first.highest >= 0.7 THEN 'HIGH' ELSE 'NORMAL' END, 'intervention', first.id, moment);
    END IF;
END
$store_predictions$;
COMMENT ON FUNCTION btwin._store_predictions(text, timestamptz, text, btwin._prediction_draft[]) IS
'Internal: stores what _draft_predictions() found new: rows, values in btwin.prediction_history, provenance, signs, interventions from a probability of 0.6 on (one of each type for a prediction) and one notification of them. Returns predictions written and interventions proposed.';

CREATE FUNCTION btwin._analyze_struggle(learner text, moment timestamptz) RETURNS jsonb
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $analyze_struggle$
DECLARE
    draft   record;
    written record;
BEGIN
    draft := btwin._draft_predictions(learner, moment, 7, 'btwin', btwin._struggle_model(learner, moment));
    written := btwin._store_predictions(learner, moment, 'btwin', draft.drafts);
    RETURN jsonb_build_object('predictions', written.stored, 'interventions', written.interventions);
END
$analyze_struggle$;
COMMENT ON FUNCTION btwin._analyze_struggle(text, timestamptz) IS
'Internal: predictions of a learner for the next 7 days and what may be done about them: {predictions, interventions}, rows written.';

INSERT INTO btwin.analysis_step (position, step, function, comment) VALUES
    (30, 'struggle', 'btwin._analyze_struggle', 'predictions of struggle, their signs, interventions');
