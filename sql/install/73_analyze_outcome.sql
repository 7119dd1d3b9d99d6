-- What became of predictions and interventions: an outcome after study, the end of
-- an intervention with its mission.

CREATE FUNCTION btwin._record_outcomes(learner text, moment timestamptz) RETURNS integer
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan
AS $record_outcomes$
#variable_conflict use_column
DECLARE
    -- an outcome counts for the model within 120 days of the day predicted for
    oldest      timestamptz := moment - interval '2880 hours';
    earliest    timestamptz;
    objectives  text[];
    recorded    integer;
BEGIN
    SELECT min(p.predicted_at), array_agg(DISTINCT p.learning_objective_id) INTO earliest, objectives
    FROM btwin.struggle_predictions AS p
    WHERE p.user_id = learner AND p.prediction_status = 'PENDING' AND p.prediction_date >= oldest AND p.predicted_at <= moment AND p.actual_outcome IS NULL;
    IF earliest IS NULL THEN
        RETURN 0;
    END IF;

    WITH open AS MATERIALIZED (
        -- of an objective the one worked out last, whatever became of it
        SELECT n.*
        FROM (SELECT DISTINCT ON (p.learning_objective_id) p.id, p.learning_objective_id, p.predicted_struggle_probability AS probability, p.predicted_at,
                     p.prediction_status, p.prediction_date, p.actual_outcome
              FROM btwin.struggle_predictions AS p
              WHERE p.user_id = learner AND p.learning_objective_id = ANY (objectives) AND p.predicted_at <= moment
              ORDER BY p.learning_objective_id, p.predicted_at DESC, p.id DESC) AS n
        WHERE n.prediction_status = 'PENDING' AND n.actual_outcome IS NULL AND n.prediction_date >= oldest AND n.probability BETWEEN 0 AND 1
    ), studied AS MATERIALIZED (
        -- the first session on the objective that began when the value was known
        SELECT DISTINCT ON (g.id) g.*
        FROM (SELECT o.id, o.learning_objective_id, o.probability, s.id AS session_id, s.completed_at,
                     avg((r.rating IN ('GOOD', 'EASY'))::int)::float8 AS good_share, count(*) FILTER (WHERE r.rating = 'AGAIN')::int AS again_count
              FROM btwin.reviews_window(learner, earliest, moment + interval '1 microsecond') AS r
              JOIN btwin.study_sessions_window(learner, earliest, moment + interval '1 microsecond') AS s ON s.id = r.session_id AND s.completed_at <= moment
              JOIN btwin.cards AS c ON c.id = r.card_id
              JOIN open AS o ON o.learning_objective_id = c.objective_id AND o.predicted_at <= s.started_at
              GROUP BY o.id, o.learning_objective_id, o.probability, s.id, s.completed_at) AS g
        ORDER BY g.id, g.completed_at, g.session_id
    ), validated AS MATERIALIZED (
        SELECT d.id, array_agg(v.score) AS scores
        FROM studied AS d
        JOIN btwin.validation_responses_window(learner, earliest, moment + interval '1 microsecond') AS v ON v.session_id = d.session_id AND NOT v.skipped AND v.score BETWEEN 0 AND 1
        JOIN btwin.validation_prompts AS q ON q.id = v.prompt_id AND q.objective_id = d.learning_objective_id
        GROUP BY d.id
    )
    UPDATE btwin.struggle_predictions AS p
    SET actual_outcome = f.struggled, actual_outcome_recorded_at = moment, prediction_status = btwin.struggle_outcome(f.probability, f.struggled)
    FROM (SELECT d.id, d.probability, btwin.epic5_struggled(d.good_share, d.again_count, v.scores) AS struggled
          FROM studied AS d LEFT JOIN validated AS v ON v.id = d.id) AS f
    WHERE p.id = f.id AND p.user_id = learner AND p.prediction_status = 'PENDING' AND p.actual_outcome IS NULL;
    GET DIAGNOSTICS recorded = ROW_COUNT;
    RETURN recorded;
END
$record_outcomes$;
COMMENT ON FUNCTION btwin._record_outcomes(text, timestamptz) IS
'Internal: decides the open predictions of a learner whose objective was studied since: by the first completed session with a review of it that began at or after predicted_at, with the rule of epic5_struggled(); validations are those of the objective. Returns how many.';

CREATE FUNCTION btwin._analyze_outcomes(learner text, moment timestamptz) RETURNS jsonb
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan
AS $analyze_outcomes$
#variable_conflict use_column
DECLARE
    outcomes    integer;
    completed   integer;
    skipped     integer;
BEGIN
    outcomes := btwin._record_outcomes(learner, moment);

    WITH ended AS (
        UPDATE btwin.intervention_recommendations AS r SET status = m.status
        FROM btwin.missions AS m
        WHERE r.user_id = learner AND r.status = 'IN_PROGRESS' AND r.applied_at <= moment AND m.id = r.applied_to_mission_id AND m.user_id = learner
          AND (m.status = 'SKIPPED' OR m.status = 'COMPLETED' AND (m.completed_at IS NULL OR m.completed_at <= moment))
        RETURNING r.status
    ), pointless AS (
        -- what btwin proposed for a prediction that is decided
        UPDATE btwin.intervention_recommendations AS r SET status = 'SKIPPED'
        FROM btwin.struggle_predictions AS p, btwin.provenance AS v
        WHERE r.user_id = learner AND r.status = 'PENDING' AND r.created_at <= moment AND p.id = r.prediction_id AND p.user_id = learner
          AND p.actual_outcome IS NOT NULL AND p.actual_outcome_recorded_at <= moment
          AND v.user_id = learner AND v.kind = 'intervention_recommendations' AND v.id = r.id
        RETURNING r.status
    )
    SELECT count(*) FILTER (WHERE e.status = 'COMPLETED'), count(*) FILTER (WHERE e.status = 'SKIPPED') INTO completed, skipped
    FROM (SELECT d.status FROM ended AS d UNION ALL SELECT n.status FROM pointless AS n) AS e;

    RETURN jsonb_build_object('outcomes', outcomes, 'interventions_completed', completed, 'interventions_skipped', skipped);
END
$analyze_outcomes$;
COMMENT ON FUNCTION btwin._analyze_outcomes(text, timestamptz) IS
'Internal: what became of the predictions and interventions of a learner: {outcomes, interventions_completed, interventions_skipped}, rows written. An intervention ends as its mission did; one of btwin that nobody applied is skipped when its prediction is decided.';

INSERT INTO btwin.analysis_step (position, step, function, comment) VALUES
    (10, 'outcomes', 'btwin._analyze_outcomes', 'what became of predictions and interventions');
