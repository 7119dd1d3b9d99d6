-- Predictions worked out on demand, and what learners say became of them.

CREATE FUNCTION btwin_api.generate_predictions(user_id text DEFAULT NULL, days_ahead integer DEFAULT 7, method_is text DEFAULT 'btwin', as_of timestamptz DEFAULT NULL)
RETURNS jsonb
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER COST 10000
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan
AS $generate_predictions$
#variable_conflict use_column
DECLARE
    moment      timestamptz;
    learner     text;
    model       btwin.logit_model;
    trained_at  timestamptz;
    draft       record;
    written     record;
    ids         text[];
    page        jsonb;
    page_rows   integer;
    last_id     text;
    predictions jsonb := '[]';
BEGIN
    PERFORM btwin._need('days_ahead', generate_predictions.days_ahead IS NOT NULL);
    PERFORM btwin._check_between('days_ahead', generate_predictions.days_ahead, 1, 30);
    PERFORM btwin._check_method(generate_predictions.method_is);
    moment := btwin._moment(generate_predictions.as_of);
    learner := btwin._caller(generate_predictions.user_id, true, true);
    PERFORM btwin._begin_write(learner);

    -- what was studied since is decided first: its value must not know how it came out
    PERFORM btwin._record_outcomes(learner, moment);
    IF generate_predictions.method_is = 'btwin' THEN
        model := btwin._struggle_model(learner, moment);
        IF btwin.evidence_count(model) > 0 THEN
            SELECT max(p.actual_outcome_recorded_at) INTO trained_at
            FROM btwin.struggle_predictions AS p WHERE p.user_id = learner AND p.actual_outcome_recorded_at < moment AND p.actual_outcome IS NOT NULL;
        END IF;
    END IF;
    draft := btwin._draft_predictions(learner, moment, generate_predictions.days_ahead, generate_predictions.method_is, model);
    written := btwin._store_predictions(learner, moment, generate_predictions.method_is, draft.drafts);

    ids := ARRAY(SELECT d.prediction_id FROM unnest(draft.drafts) AS d);
    LOOP
        SELECT coalesce(jsonb_agg(to_jsonb(p) - '{ordinality,place}'::text[] ORDER BY p.place) FILTER (WHERE p.id = ANY (ids)), '[]'), count(*), (array_agg(p.id ORDER BY p.place DESC))[1] INTO page, page_rows, last_id
        FROM (SELECT l.*, l.ordinality AS place FROM btwin_api.predictions(learner, 'PENDING', 0.5, max_rows => 200, after_id => last_id, as_of => moment) WITH ORDINALITY AS l) AS p;
        predictions := predictions || page;
        EXIT WHEN page_rows < 200;
    END LOOP;
    RETURN jsonb_build_object(
        'predictions', predictions,
        'alerts', (SELECT coalesce(jsonb_agg(to_jsonb(a) ORDER BY a.priority DESC, a.id), '[]') FROM btwin_api.alerts(learner, as_of => moment) AS a),
        'total_count', jsonb_array_length(predictions),
        'high_risk_count', (SELECT count(*) FROM jsonb_array_elements(predictions) AS p (row) WHERE p.row ->> 'risk_level' = 'HIGH'),
        'medium_risk_count', (SELECT count(*) FROM jsonb_array_elements(predictions) AS p (row) WHERE p.row ->> 'risk_level' = 'MEDIUM'),
        'low_risk_count', (SELECT count(*) FROM jsonb_array_elements(predictions) AS p (row) WHERE p.row ->> 'risk_level' = 'LOW'),
        'candidates_count', draft.candidates, 'stored_count', written.stored, 'skipped_count', draft.skipped, 'interventions_created', written.interventions,
        'generated_at', moment,
        'model', jsonb_build_object('method', generate_predictions.method_is, 'version', CASE generate_predictions.method_is WHEN 'epic5' THEN 'epic5-1' ELSE 'struggle-1' END,
                                    'trained_at', trained_at, 'training_examples', coalesce(btwin.evidence_count(model), 0)));
END
$generate_predictions$;
COMMENT ON FUNCTION btwin_api.generate_predictions(text, integer, text, timestamptz) IS
'Predict what the learner will find hard in the days to come

Works out and stores a prediction for each objective of an open mission from the learner''s today to days_ahead days later, and for the ten weakest others that are not mastered. Before that, predictions whose objective was studied since are decided.

Arguments: user_id: the learner, by default the caller. days_ahead: 1 to 30. method_is: btwin (the model struggle_model() with the learner''s own outcomes) or epic5 (the web rule of the reference, faults included). as_of: the moment it is worked out for, by default now; no later row is used.

Keys: predictions: those of this call with a probability from 0.5 on that are PENDING, as btwin_api.predictions lists them. alerts: as btwin_api.alerts. total_count: length of predictions; high_risk_count (probability from 0.7), medium_risk_count (from 0.4), low_risk_count: among them. candidates_count: objectives looked at. stored_count: predictions written. skipped_count: objectives left out because no row tells anything of them. interventions_created. generated_at: the moment. model: {method, version, trained_at: when its newest outcome was recorded, null without any, training_examples}.

Writes struggle_predictions (prediction_date: the earliest open mission with the objective, else the next exam of its course within the horizon, else the last day of the horizon), struggle_indicators (LOW_RETENTION, PREREQUISITE_GAP, COMPLEXITY_MISMATCH, HISTORICAL_STRUGGLE_PATTERN, COGNITIVE_OVERLOAD: above 0.5 MEDIUM, above 0.7 HIGH), intervention_recommendations (from a probability of 0.6 on, one of each type for a prediction), insight_notifications (one, INTERVENTION_SUGGESTED), btwin.prediction_history, btwin.provenance.

Idempotent: a learner has at most one open prediction for an objective. It is updated in place where the probability moved by more than 0.01 or day, method or version are others, and its earlier values stay in btwin.prediction_history; otherwise it is left as it is. A decided one is never touched. What was worked out or decided after as_of stands.

Errors: PT400 missing_argument, out_of_range, not_allowed_value; PT403 forbidden, no_claim, analysis_disabled; PT404 unknown_learner; 25006 where nothing can be written.

Rules: Epic 5 domain model, 2.11 to 2.14, 2.16, 2.17; doc/api_struggle.md.';

CREATE FUNCTION btwin_api.prediction_feedback(user_id text DEFAULT NULL, prediction_id text DEFAULT NULL, actual_struggle boolean DEFAULT NULL, feedback_type text DEFAULT NULL,
                                              helpfulness integer DEFAULT NULL, comments text DEFAULT NULL, idempotency_key text DEFAULT NULL)
RETURNS jsonb
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER COST 2000
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan
AS $prediction_feedback$
#variable_conflict use_column
DECLARE
    moment      timestamptz := now();
    learner     text;
    arguments   jsonb;
    answer      jsonb;
    prediction  record;
    feedback_id text := btwin._new_id();
    is_first    boolean;
BEGIN
    PERFORM btwin._need('prediction_id', prediction_feedback.prediction_id IS NOT NULL);
    PERFORM btwin._need('actual_struggle', prediction_feedback.actual_struggle IS NOT NULL);
    PERFORM btwin._need('feedback_type', prediction_feedback.feedback_type IS NOT NULL);
    PERFORM btwin._check_enum('feedback_type', prediction_feedback.feedback_type, 'PredictionFeedbackType');
    PERFORM btwin._check_between('helpfulness', prediction_feedback.helpfulness, 1, 5);
    IF length(prediction_feedback.comments) > 1000 THEN
        PERFORM btwin._refuse('PT400', 'out_of_range', format('argument "comments" has %s characters', length(prediction_feedback.comments)), 'Needed are at most 1000.', 'comments');
    END IF;
    PERFORM btwin._check_key(prediction_feedback.idempotency_key);
    learner := btwin._caller(prediction_feedback.user_id, true, true);
    PERFORM btwin._begin_write(learner);
    arguments := jsonb_build_object('prediction_id', prediction_feedback.prediction_id, 'actual_struggle', prediction_feedback.actual_struggle,
                                    'feedback_type', prediction_feedback.feedback_type, 'helpfulness', prediction_feedback.helpfulness, 'comments', prediction_feedback.comments);
    answer := btwin._replay(learner, 'prediction_feedback', prediction_feedback.idempotency_key, arguments);
    IF answer IS NOT NULL THEN
        RETURN answer;
    END IF;

    SELECT p.predicted_struggle_probability AS probability, p.prediction_status AS status, p.actual_outcome AS outcome INTO prediction
    FROM btwin.struggle_predictions AS p WHERE p.user_id = learner AND p.id IS NOT DISTINCT FROM prediction_feedback.prediction_id FOR UPDATE OF p;
    IF NOT FOUND THEN
        PERFORM btwin._refuse_foreign();
    END IF;
    INSERT INTO btwin.prediction_feedback (id, user_id, prediction_id, feedback_type, actual_struggle, helpfulness, comments, submitted_at)
    VALUES (feedback_id, learner, prediction_feedback.prediction_id, prediction_feedback.feedback_type, prediction_feedback.actual_struggle,
            prediction_feedback.helpfulness, prediction_feedback.comments, moment);
    is_first := prediction.outcome IS NULL;
    prediction.outcome := coalesce(prediction.outcome, prediction_feedback.actual_struggle);
    prediction.status := btwin.struggle_outcome(prediction.probability, prediction.outcome);
    IF is_first THEN
        UPDATE btwin.struggle_predictions AS p SET prediction_status = prediction.status, actual_outcome = prediction.outcome, actual_outcome_recorded_at = moment
        WHERE p.id = prediction_feedback.prediction_id AND p.user_id = learner;
    END IF;

    answer := jsonb_build_object(
        'id', prediction_feedback.prediction_id, 'feedback_id', feedback_id, 'feedback_recorded', true, 'outcome_applied', is_first,
        'prediction_status', prediction.status, 'actual_outcome', prediction.outcome, 'model_accuracy_update', NULL,
        'message', btwin._phrase_of(CASE WHEN is_first THEN 'feedback.outcome' ELSE 'feedback.known' END), 'submitted_at', moment);
    RETURN btwin._remember(learner, 'prediction_feedback', prediction_feedback.idempotency_key, arguments, answer);
END
$prediction_feedback$;
COMMENT ON FUNCTION btwin_api.prediction_feedback(text, text, boolean, text, integer, text, text) IS
'Say what became of a prediction

Arguments: user_id: the learner, by default the caller. prediction_id: required. actual_struggle: it was hard; required. feedback_type: HELPFUL, NOT_HELPFUL, INACCURATE, INTERVENTION_GOOD, INTERVENTION_BAD; required. helpfulness: 1 to 5. comments: at most 1000 characters. idempotency_key: 1 to 200 characters.

Keys: id: the prediction. feedback_id. feedback_recorded: true. outcome_applied: this is the outcome now; false where one was recorded before, which stays. prediction_status: CONFIRMED, FALSE_POSITIVE, MISSED or RESOLVED, from the probability at 0.5 and the outcome. actual_outcome: the one that is recorded. model_accuracy_update: null, the model learns from it with its next run. message. submitted_at.

Writes prediction_feedback always; prediction_status, actual_outcome and actual_outcome_recorded_at of struggle_predictions where no outcome is recorded yet. A call with the same key and arguments gets the first answer and writes nothing.

Errors: PT400 missing_argument, not_allowed_value, out_of_range; PT403 forbidden, no_claim, analysis_disabled; PT404 unknown_learner, unknown_id; PT409 key_reused; 25006 where nothing can be written.

Rule: Epic 5 domain model, 2.15 and 2.18.';

INSERT INTO btwin.phrase (locale, key, phrase) VALUES
    ('en', 'feedback.outcome', 'Thank you. The outcome is recorded, and counts from the next prediction on.'),
    ('en', 'feedback.known',   'Thank you. The outcome was known before and stays as it is.');
