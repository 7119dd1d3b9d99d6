-- What was done about predicted struggles, and what it is worth: interventions, the
-- quality of the predictions, struggles before and after.

-- Inlined by the planner into the statements that read it: no SET, a string body.
CREATE FUNCTION btwin._intervention_outcomes(user_id text, from_at timestamptz, as_of timestamptz)
RETURNS TABLE (intervention_type text, prediction_id text, applied_at timestamptz, learning_objective_id text, topic_id text, struggled boolean)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 20
AS $intervention_outcomes$
SELECT DISTINCT ON (r.intervention_type, p.id) r.intervention_type, p.id, r.applied_at, p.learning_objective_id, p.topic_id,
       -- an outcome that was known before is none of the intervention
       CASE WHEN p.actual_outcome_recorded_at >= r.applied_at AND p.actual_outcome_recorded_at <= $3 THEN p.actual_outcome END
FROM btwin.intervention_recommendations_window($1, '2000-01-01 00:00+00', $3 + interval '1 microsecond') AS r
JOIN btwin.struggle_predictions AS p ON p.id = r.prediction_id AND p.user_id = $1
WHERE r.applied_at >= $2 AND r.applied_at <= $3
ORDER BY r.intervention_type, p.id, r.applied_at, r.id
$intervention_outcomes$;
COMMENT ON FUNCTION btwin._intervention_outcomes(text, timestamptz, timestamptz) IS
'Internal: predictions treated with an intervention of a type applied from from_at to as_of, each once for each type, with its outcome where that was recorded after the intervention and by as_of.';

CREATE FUNCTION btwin._without_struggle(outcomes btwin.bandit, intervention_type text, OUT mean float8, OUT low float8, OUT high float8, OUT evidence_count integer)
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $without_struggle$
BEGIN
    -- Beta(2, 3): of predictions at 0.6, where interventions begin, 0.4 come out
    -- well if nothing is done; with the weight of five outcomes
    SELECT p.mean, p.low, p.high, p.evidence_count INTO mean, low, high, evidence_count
    FROM btwin.posterior(outcomes, _without_struggle.intervention_type, 2, 3) AS p;
END
$without_struggle$;
COMMENT ON FUNCTION btwin._without_struggle(btwin.bandit, text) IS
'Internal: share of outcomes without a struggle after interventions of a type (reward 1), held back by a prior of Beta(2, 3), with its 95 % interval.';

CREATE FUNCTION btwin_api.interventions(user_id text DEFAULT NULL, status_is text DEFAULT NULL, max_rows integer DEFAULT 50, after_id text DEFAULT NULL,
                                        as_of timestamptz DEFAULT NULL)
RETURNS TABLE (id text, prediction_id text, intervention_type text, description text, reasoning text, priority integer, status text,
               related_objective_id text, applied_to_mission_id text, applied_at timestamptz, acknowledged_at timestamptz, created_at timestamptz,
               effectiveness float8, effectiveness_low float8, effectiveness_high float8, confidence float8, evidence_count integer,
               method text, version text, computed_for timestamptz, reason text)
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER COST 1000 ROWS 20
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan
AS $interventions$
#variable_conflict use_column
DECLARE
    checked boolean;
    moment          timestamptz;
    learner         text;
    after_priority  integer;
    after_created   timestamptz;
    outcomes        btwin.bandit;
BEGIN
    checked := btwin._check_enum('status_is', interventions.status_is, 'InterventionStatus', '{ALL}')
           AND btwin._check_max_rows(interventions.max_rows, 200);
    moment := btwin._moment(interventions.as_of);
    learner := btwin._caller(interventions.user_id);
    IF interventions.after_id IS NOT NULL THEN
        SELECT r.priority, r.created_at INTO after_priority, after_created
        -- among the learner's rows, not by the key: a row of somebody else is not read
        FROM btwin.intervention_recommendations AS r WHERE r.user_id = learner AND r.id IS NOT DISTINCT FROM interventions.after_id;
        IF NOT FOUND THEN
            PERFORM btwin._refuse_foreign();
        END IF;
    END IF;
    SELECT btwin.bandit_agg(o.intervention_type, (NOT o.struggled)::int) INTO outcomes
    FROM btwin._intervention_outcomes(learner, '2000-01-01 00:00+00', moment) AS o WHERE o.struggled IS NOT NULL;

    RETURN QUERY
    WITH known AS (
        SELECT r.*, CASE WHEN r.applied_at > moment AND r.status <> 'PENDING' THEN 'PENDING'
                         -- completed with its mission, which was not over yet
                         WHEN r.status = 'COMPLETED' AND EXISTS (SELECT FROM btwin.missions AS m
                                                                 WHERE m.id = r.applied_to_mission_id AND m.user_id = learner AND m.completed_at > moment)
                         THEN 'IN_PROGRESS' ELSE r.status END AS state
        FROM btwin.intervention_recommendations_window(learner, '2000-01-01 00:00+00', moment + interval '1 microsecond') AS r
    ), page AS MATERIALIZED (
        SELECT k.* FROM known AS k
        WHERE (interventions.status_is = 'ALL' OR k.state = interventions.status_is
               OR (interventions.status_is IS NULL AND k.state IN ('PENDING', 'IN_PROGRESS')))
          AND (interventions.after_id IS NULL
               OR k.priority < after_priority
               OR (k.priority = after_priority AND (k.created_at < after_created OR (k.created_at = after_created AND k.id > interventions.after_id))))
        ORDER BY k.priority DESC, k.created_at DESC, k.id
        LIMIT interventions.max_rows
    ), effect AS MATERIALIZED (
        SELECT t.intervention_type, e.mean, e.low, e.high, e.evidence_count
        FROM (SELECT DISTINCT a.arm AS intervention_type FROM btwin.arms(outcomes) AS a JOIN page AS g ON g.intervention_type = a.arm) AS t
        CROSS JOIN LATERAL btwin._without_struggle(outcomes, t.intervention_type) AS e
    )
    SELECT g.id, g.prediction_id, g.intervention_type, g.description, g.reasoning, g.priority, g.state, g.related_objective_id,
           CASE WHEN g.applied_at > moment THEN NULL ELSE g.applied_to_mission_id END,
           CASE WHEN g.applied_at <= moment THEN g.applied_at END, CASE WHEN g.acknowledged_at <= moment THEN g.acknowledged_at END, g.created_at,
           e.mean, e.low, e.high, coalesce(1 - (e.high - e.low), 0), coalesce(e.evidence_count, 0),
           coalesce(v.method, 'application'), v.version, v.computed_for, CASE WHEN e.mean IS NULL THEN 'no_outcome' END
    FROM page AS g
    LEFT JOIN effect AS e ON e.intervention_type = g.intervention_type
    LEFT JOIN btwin.provenance AS v ON v.user_id = learner AND v.kind = 'intervention_recommendations' AND v.id = g.id
    ORDER BY g.priority DESC, g.created_at DESC, g.id;
END
$interventions$;
COMMENT ON FUNCTION btwin_api.interventions(text, text, integer, text, timestamptz) IS
'Interventions proposed to a learner, and how well their kind went before

Arguments: user_id: the learner, by default the caller. status_is: PENDING, IN_PROGRESS, COMPLETED, SKIPPED, FAILED or ALL; by default the open ones, PENDING and IN_PROGRESS. max_rows: 1 to 200. after_id: rows after this one. as_of: the moment; by default now.

Order: priority from the highest, the newest first, id.

Columns: id. prediction_id: what it was proposed for. intervention_type. description, reasoning: in words. priority: 1 to 10. status: PENDING, from applied_at on IN_PROGRESS; COMPLETED from when its mission was; SKIPPED and FAILED have no time and stand as they are. related_objective_id. applied_to_mission_id, applied_at, acknowledged_at: NULL until then. created_at. effectiveness: 0 to 1, the learner''s share of predictions without a struggle after an intervention of this type, where the outcome came after it; held back by a fixed prior of Beta(2, 3): 0.4, as of a prediction of 0.6 about which nothing is done, with the weight of five outcomes. effectiveness_low, effectiveness_high: its 95 % interval. It compares with nothing: what would have been without the intervention is not known. confidence: 1 - width of the interval, 0 without outcomes. evidence_count: outcomes. method, version, computed_for: rule that proposed it, its version and moment; method "application" and NULL for what the application wrote. reason: no_outcome where effectiveness is NULL.

Errors: PT400 missing_argument, out_of_range, not_allowed_value; PT403 forbidden, no_claim, analysis_disabled; PT404 unknown_learner, unknown_id (after_id).

Proposals: Epic 5 domain model, 2.17; success: 2.19. Reads intervention_recommendations, struggle_predictions, missions, btwin.provenance.';

-- A share of a number of rows, with Jeffreys' interval: Beta(k + 1/2, n - k + 1/2),
-- closed where all rows are alike (Brown, Cai, DasGupta 2001)
CREATE FUNCTION btwin._jeffreys(hits bigint, total bigint, OUT value float8, OUT low float8, OUT high float8)
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $jeffreys$
BEGIN
    IF total > 0 THEN
        value := hits::float8 / total;
        SELECT CASE WHEN hits = 0 THEN 0 ELSE p.low END, CASE WHEN hits = total THEN 1 ELSE p.high END INTO low, high
        FROM (SELECT btwin.bandit_agg('share', v.reward, v.rows) AS state FROM (VALUES (1::float8, hits::float8), (0, (total - hits)::float8)) AS v (reward, rows)) AS s
        CROSS JOIN LATERAL btwin.posterior(s.state, 'share', 0.5, 0.5) AS p;
    END IF;
END
$jeffreys$;
COMMENT ON FUNCTION btwin._jeffreys(bigint, bigint) IS
'Internal: hits / total with Jeffreys'' 95 % interval, closed where all rows are alike; NULL of no rows.';

CREATE FUNCTION btwin._jeffreys_score(hits bigint, total bigint, version text, computed_for timestamptz, words text, reason text) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $jeffreys_score$
DECLARE
    s record;
BEGIN
    s := btwin._jeffreys(hits, total);
    RETURN btwin._score(s.value, s.low, s.high, coalesce(1 - (s.high - s.low), 0), coalesce(total, 0)::integer, 'btwin', version, computed_for,
                        CASE WHEN total > 0 THEN ARRAY[format('%s of %s %s', hits, total, words)] END, reason);
END
$jeffreys_score$;
COMMENT ON FUNCTION btwin._jeffreys_score(bigint, bigint, text, timestamptz, text, text) IS
'Internal: a share as a score document; reason is why there is none of no rows.';

CREATE FUNCTION btwin._scored_predictions(user_id text, everybody boolean, from_at timestamptz, to_at timestamptz, as_of timestamptz)
RETURNS TABLE (id text, p float8, y boolean, treated boolean, prediction_date timestamptz, method text, version text)
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 1000 ROWS 100
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan
AS $scored_predictions$
#variable_conflict use_column
DECLARE
    learner text := _scored_predictions.user_id;
    moment  timestamptz := _scored_predictions.as_of;
BEGIN
    RETURN QUERY
    SELECT s.id, btwin._plain_number(s.predicted_struggle_probability), s.actual_outcome,
           -- an intervention after the outcome changed nothing of it
           s.intervention_applied AND coalesce(r.applied_at <= s.actual_outcome_recorded_at, true),
           s.prediction_date, coalesce(v.method, 'application'), v.version
    FROM (SELECT w.id, w.user_id, w.predicted_struggle_probability, w.actual_outcome, w.actual_outcome_recorded_at, w.intervention_applied, w.intervention_id, w.prediction_date
          FROM btwin.struggle_predictions_window(learner, from_at, to_at) AS w
          UNION ALL
          SELECT w.id, w.user_id, w.predicted_struggle_probability, w.actual_outcome, w.actual_outcome_recorded_at, w.intervention_applied, w.intervention_id, w.prediction_date
          FROM btwin.struggle_predictions AS w JOIN btwin.users AS u ON u.id = w.user_id
          WHERE _scored_predictions.everybody AND u.behavioral_analysis_enabled AND u.include_in_analytics
            AND w.prediction_date >= from_at AND w.prediction_date < to_at) AS s
    LEFT JOIN btwin.intervention_recommendations AS r ON r.id = s.intervention_id AND r.user_id = s.user_id
    LEFT JOIN btwin.provenance AS v ON v.user_id = s.user_id AND v.kind = 'struggle_predictions' AND v.id = s.id
    WHERE s.actual_outcome IS NOT NULL AND s.actual_outcome_recorded_at <= moment AND s.predicted_struggle_probability BETWEEN 0 AND 1;
END
$scored_predictions$;
COMMENT ON FUNCTION btwin._scored_predictions(text, boolean, timestamptz, timestamptz, timestamptz) IS
'Internal: predictions whose outcome was recorded by a moment, of one learner, or of everybody who is analysed and counted (user_id NULL).';

CREATE FUNCTION btwin_api.model_performance(user_id text DEFAULT NULL, all_learners boolean DEFAULT false, period text DEFAULT 'all', as_of timestamptz DEFAULT NULL)
RETURNS jsonb
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER COST 2000
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan
AS $model_performance$
#variable_conflict use_column
DECLARE
    checked boolean;
    version_is  CONSTANT text := 'evaluation-1';
    least_rows  CONSTANT integer := 10;
    z           CONSTANT float8 := 1.959963984540054;
    moment      timestamptz;
    learner     text;
    zone        text := 'UTC';
    from_at     timestamptz;
    m           record;
    t           record;
    by_model    jsonb;
    trend       jsonb;
    why         text;
    -- NULL, and so is what is made of them, below 10 rows
    n           integer := 0;
    tp          bigint;
    fp          bigint;
    tn          bigint;
    fn          bigint;
    f1          record;
    f1_value    float8;
    f1_low      float8;
    f1_high     float8;
    brier       float8;
    brier_low   float8;
    brier_high  float8;
    auc         float8;
    auc_low     float8;
    auc_high    float8;
    q1          float8;
    q2          float8;
    se          float8;
    odds        float8;
    df          float8;
    p_value     float8;
    noise       float8;
BEGIN
    checked := btwin._need('all_learners', model_performance.all_learners IS NOT NULL)
           AND btwin._need('period', model_performance.period IS NOT NULL)
           AND btwin._check_one_of('period', model_performance.period, '{week,month,all}');
    moment := btwin._moment(model_performance.as_of);
    IF model_performance.all_learners THEN
        IF to_regclass('btwin.access') IS NULL OR btwin.attached_schema() IS NULL THEN
            PERFORM btwin._refuse('PT400', 'not_attached', 'btwin is not attached to a schema of this database', 'SELECT * FROM btwin.attach()');
        ELSIF NOT btwin._is_service() THEN
            PERFORM btwin._refuse('PT403', 'service_only', 'this is for services', 'Leave all_learners out to ask for your own predictions.', 'all_learners');
        END IF;
    ELSE
        learner := btwin._caller(model_performance.user_id);
        zone := btwin._zone(learner);
    END IF;
    from_at := CASE model_performance.period WHEN 'week' THEN moment - interval '168 hours'
                                             WHEN 'month' THEN ((moment AT TIME ZONE zone) - interval '1 month') AT TIME ZONE zone
                                             ELSE '2000-01-01 00:00+00' END;

    WITH scored AS MATERIALIZED (
        SELECT s.* FROM btwin._scored_predictions(learner, model_performance.all_learners, from_at, moment + interval '744 hours', moment) AS s
    ), half AS (
        SELECT h.part, count(*) AS n, avg(h.e) AS mean, var_samp(h.e) AS variance
        FROM (SELECT (s.p - s.y::int) ^ 2 AS e, ntile(2) OVER (ORDER BY s.prediction_date, s.id) AS part FROM scored AS s WHERE NOT s.treated) AS h
        GROUP BY h.part
    )
    SELECT w.*, e.n AS n1, e.mean AS mean1, e.variance AS variance1, l.n AS n2, l.mean AS mean2, l.variance AS variance2,
           (SELECT jsonb_agg(jsonb_build_object('method', g.method, 'version', g.version, 'n', g.n, 'brier', CASE WHEN g.n >= least_rows THEN g.brier END,
                                                'auc', CASE WHEN g.n >= least_rows THEN g.auc END) ORDER BY g.n DESC, g.method, g.version)
            FROM (SELECT s.method, s.version, count(*) AS n, btwin.brier_agg(s.p, s.y) AS brier, btwin.auc_agg(s.p, s.y) AS auc
                  FROM scored AS s WHERE NOT s.treated GROUP BY s.method, s.version) AS g) AS by_model
    INTO m
    FROM (SELECT count(*) FILTER (WHERE NOT s.treated) AS n,
                 count(*) FILTER (WHERE NOT s.treated AND s.p >= 0.5 AND s.y) AS tp, count(*) FILTER (WHERE NOT s.treated AND s.p >= 0.5 AND NOT s.y) AS fp,
                 count(*) FILTER (WHERE NOT s.treated AND s.p < 0.5 AND NOT s.y) AS tn, count(*) FILTER (WHERE NOT s.treated AND s.p < 0.5 AND s.y) AS fn,
                 avg((s.p - s.y::int) ^ 2) FILTER (WHERE NOT s.treated) AS brier, var_samp((s.p - s.y::int) ^ 2) FILTER (WHERE NOT s.treated) AS variance,
                 btwin.auc_agg(s.p, s.y) FILTER (WHERE NOT s.treated) AS auc, btwin.calibration_agg(s.p, s.y) FILTER (WHERE NOT s.treated) AS calibration,
                 count(*) FILTER (WHERE s.treated) AS treated, count(*) FILTER (WHERE s.treated AND s.y) AS treated_struggles
          FROM scored AS s) AS w
    LEFT JOIN half AS e ON e.part = 1 LEFT JOIN half AS l ON l.part = 2;

    IF m.n >= least_rows THEN
        n := m.n;
        tp := m.tp;
        fp := m.fp;
        tn := m.tn;
        fn := m.fn;
        by_model := m.by_model;
        -- F1 = 2 J / (1 + J), J = tp / (tp + fp + fn) a share
        f1 := btwin._jeffreys(tp, tp + fp + fn);
        f1_value := 2 * f1.value / (1 + f1.value);
        f1_low := 2 * f1.low / (1 + f1.low);
        f1_high := 2 * f1.high / (1 + f1.high);
        -- Hanley and McNeil (1982), on the scale of log odds
        auc := m.auc;
        IF auc > 0 AND auc < 1 THEN
            q1 := auc / (2 - auc);
            q2 := 2 * auc ^ 2 / (1 + auc);
            se := sqrt((auc * (1 - auc) + (tp + fn - 1) * (q1 - auc ^ 2) + (fp + tn - 1) * (q2 - auc ^ 2)) / ((tp + fn)::float8 * (fp + tn))) / (auc * (1 - auc));
            odds := auc / (1 - auc);
            auc_low := 1 / (1 + exp(z * se) / odds);
            auc_high := 1 / (1 + exp(-z * se) / odds);
        END IF;
        brier := m.brier;
        brier_low := greatest(0, brier - z * sqrt(m.variance / n));
        brier_high := least(1, brier + z * sqrt(m.variance / n));
        noise := btwin.ece_noise(m.calibration);
        -- Welch's test of the squared errors, the later half against the earlier
        IF m.n >= 2 * least_rows THEN
            se := sqrt(m.variance1 / m.n1 + m.variance2 / m.n2);
            -- less is rounding
            IF se > 1e-12 THEN
                df := se ^ 4 / ((m.variance1 / m.n1) ^ 2 / (m.n1 - 1) + (m.variance2 / m.n2) ^ 2 / (m.n2 - 1));
                p_value := btwin.beta_cdf(df / (df + ((m.mean2 - m.mean1) / se) ^ 2), df / 2, 0.5);
            END IF;
            trend := jsonb_build_object('direction', CASE WHEN p_value < 0.05 AND m.mean2 < m.mean1 THEN 'IMPROVING'
                                                          WHEN p_value < 0.05 THEN 'DEGRADING' ELSE 'STABLE' END,
                                        'brier_change', m.mean2 - m.mean1, 'p_value', p_value);
        END IF;
    ELSE
        why := 'insufficient_data';
    END IF;

    RETURN jsonb_build_object(
        'n', m.n,
        'accuracy', btwin._jeffreys_score(tp + tn, tp + fp + tn + fn, version_is, moment, 'predictions were right', why),
        'precision', btwin._jeffreys_score(tp, tp + fp, version_is, moment, 'predicted struggles came', coalesce(why, 'no_rows')),
        'recall', btwin._jeffreys_score(tp, tp + fn, version_is, moment, 'struggles were predicted', coalesce(why, 'no_rows')),
        'f1', btwin._score(f1_value, f1_low, f1_high, coalesce(1 - (f1_high - f1_low), 0), coalesce(tp + fp + fn, 0)::integer, 'btwin', version_is, moment,
                           CASE WHEN f1_value IS NOT NULL THEN ARRAY[format('%s of %s predicted or real struggles were both', tp, tp + fp + fn)] END, coalesce(why, 'no_rows')),
        'auc', btwin._score(auc, auc_low, auc_high, coalesce(1 - (auc_high - auc_low), 0), n, 'btwin', version_is, moment,
                            CASE WHEN auc IS NOT NULL THEN ARRAY[format('%s struggles against %s others', tp + fn, fp + tn)] END, coalesce(why, 'zero_variance')),
        'brier', btwin._score(brier, brier_low, brier_high, coalesce(1 - (brier_high - brier_low), 0), n, 'btwin', version_is, moment,
                              CASE WHEN brier IS NOT NULL THEN ARRAY['mean squared error; 0.25 is what 0.5 for all would get'] END, why),
        -- greatest() passes over NULL: 0 where there is no noise
        'ece', btwin._score(CASE WHEN why IS NULL THEN btwin.ece(m.calibration) END, NULL, NULL, greatest(0, 1 - noise), n, 'btwin', version_is, moment,
                            CASE WHEN why IS NULL THEN ARRAY[format('perfect probabilities would show %s on average', round(noise::numeric, 3))] END, why),
        'false_positive_rate', fp::float8 / nullif(fp + tn, 0), 'false_negative_rate', fn::float8 / nullif(fn + tp, 0),
        'confusion_matrix', jsonb_build_object('true_positive', tp, 'false_positive', fp, 'true_negative', tn, 'false_negative', fn),
        'calibration', (SELECT coalesce(jsonb_agg(jsonb_build_object('bin_low', b.bin_low, 'bin_high', b.bin_high, 'count', b."count", 'mean_predicted', b.mean_predicted,
                                                                     'observed_rate', b.observed_rate) ORDER BY b.bin_low), '[]')
                        FROM btwin.bins(m.calibration) AS b WHERE why IS NULL),
        'trend', trend, 'by_model', coalesce(by_model, '[]'),
        'with_intervention', jsonb_build_object('n', m.treated, 'observed_rate', CASE WHEN m.treated >= least_rows THEN m.treated_struggles::float8 / m.treated END));
END
$model_performance$;
COMMENT ON FUNCTION btwin_api.model_performance(text, boolean, text, timestamptz) IS
'How good the predictions of struggle were

Predictions without an intervention whose outcome was recorded by the moment, predicted meaning a probability from 0.5. What an intervention was applied to before its outcome is shown apart: a struggle that was prevented is no false alarm.

Arguments: user_id: the learner, by default the caller. all_learners: everybody who is analysed and counted in analytics; for services. period: predictions for the last 7 days (week), for the last calendar month of the learner''s clock (month; UTC for all learners), or all. as_of: the moment; by default now.

Keys: n: predictions with an outcome. accuracy, precision, recall, f1, auc, brier, ece: scores 0 to 1; intervals: Jeffreys'' for shares (f1 through the share of predicted or real struggles that were both), Hanley and McNeil''s on log odds for auc, normal for brier, none for ece, whose reasons give what perfect probabilities would show; evidence_count is the number of rows of each. false_positive_rate: of those who did not struggle, 0 to 1. false_negative_rate: of those who did. confusion_matrix: {true_positive, false_positive, true_negative, false_negative}. calibration: [{bin_low, bin_high, count, mean_predicted, observed_rate}], ten bins of equal width. trend: {direction, brier_change, p_value}: the later half of the predictions, by date, against the earlier, IMPROVING or DEGRADING where Welch''s test of the squared errors has p < 0.05, else STABLE; null below 20. by_model: [{method, version, n, brier, auc}], numbers from 10 on. with_intervention: {n, observed_rate}, the rate from 10 on.

Below 10 predictions with an outcome there are no values: reason insufficient_data. Other reasons: no_rows (nothing was predicted, or nobody struggled), zero_variance (all outcomes alike).

Errors: PT400 missing_argument, not_allowed_value, out_of_range; PT403 forbidden, no_claim, analysis_disabled, service_only; PT404 unknown_learner.

Measures: Epic 5 domain model, 2.14 and 2.18; btwin.auc_agg, btwin.calibration_agg. Reads struggle_predictions, intervention_recommendations, users, btwin.provenance.';

-- What was studied in completed sessions, and where it was hard. Rows of a learner
-- are hashed together, however few the planner expects; cards and prompts are looked
-- up once each.
CREATE FUNCTION btwin._topics_touched(user_id text, begins timestamptz, changes timestamptz, moment timestamptz)
RETURNS TABLE (objective_id text, weeks_ago integer, is_before boolean, again boolean, failed boolean)
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 1000 ROWS 300
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan
SET enable_nestloop = off
SET jit = off
AS $topics_touched$
#variable_conflict use_column
DECLARE
    learner text := _topics_touched.user_id;
BEGIN
    RETURN QUERY
    WITH session AS MATERIALIZED (
        SELECT s.id, s.started_at < changes AS is_before, ceil(extract(epoch FROM moment - s.started_at)::float8 / 604800)::integer AS weeks_ago,
               CASE WHEN jsonb_typeof(s.objective_completions) = 'array' THEN s.objective_completions ELSE '[]' END AS completions
        FROM btwin.study_sessions_window(learner, begins, moment) AS s WHERE s.completed_at <= moment
    ), reviewed AS MATERIALIZED (
        SELECT r.card_id, s.weeks_ago, s.is_before, bool_or(r.rating = 'AGAIN') AS again
        FROM btwin.reviews_window(learner, begins, moment) AS r JOIN session AS s ON s.id = r.session_id
        GROUP BY r.card_id, s.weeks_ago, s.is_before
    ), validated AS MATERIALIZED (
        SELECT v.prompt_id, s.weeks_ago, s.is_before, bool_or(v.score < 0.6) AS failed
        FROM btwin.validation_responses_window(learner, begins, moment) AS v JOIN session AS s ON s.id = v.session_id
        WHERE NOT v.skipped
        GROUP BY v.prompt_id, s.weeks_ago, s.is_before
    )
    SELECT u.objective_id, u.weeks_ago, u.is_before, bool_or(u.again), bool_or(u.failed)
    FROM (SELECT coalesce(e.part ->> 'objectiveId', e.part ->> 'objective_id') AS objective_id, e.weeks_ago, e.is_before, false AS again, false AS failed
          FROM (SELECT s.weeks_ago, s.is_before, jsonb_array_elements(s.completions) AS part FROM session AS s) AS e
          UNION ALL
          SELECT c.objective_id, r.weeks_ago, r.is_before, r.again, false
          FROM reviewed AS r JOIN btwin.cards AS c ON c.id = r.card_id
          WHERE c.id = ANY (ARRAY(SELECT DISTINCT k.card_id FROM reviewed AS k))
          UNION ALL
          SELECT p.objective_id, v.weeks_ago, v.is_before, false, v.failed
          FROM validated AS v JOIN btwin.validation_prompts AS p ON p.id = v.prompt_id
          WHERE p.id = ANY (ARRAY(SELECT DISTINCT k.prompt_id FROM validated AS k))) AS u
    WHERE u.objective_id IS NOT NULL
    GROUP BY u.objective_id, u.weeks_ago, u.is_before;
END
$topics_touched$;
COMMENT ON FUNCTION btwin._topics_touched(text, timestamptz, timestamptz, timestamptz) IS
'Internal: the objectives of a learner''s completed sessions from begins to moment, once for each week back from the moment and each side of changes: with a card answered AGAIN, with a validation below 0.6. Epic 5 domain model, 2.19.';

CREATE FUNCTION btwin_api.struggle_reduction(user_id text DEFAULT NULL, period text DEFAULT 'month', activation_at timestamptz DEFAULT NULL, as_of timestamptz DEFAULT NULL)
RETURNS jsonb
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER COST 2000
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan
AS $struggle_reduction$
#variable_conflict use_column
DECLARE
    checked boolean;
    version_is      CONSTANT text := 'reduction-1';
    moment          timestamptz;
    learner         text;
    begins          timestamptz;
    changes         timestamptz;
    t               record;
    outcomes        bigint;
    before          record;
    after           record;
    center          float8;
    lower_ratio     float8;
    upper_ratio     float8;
    reduction       float8;
    saved           float8;
    treatments      jsonb;
    improvement     record;
    confidence      record;
    is_sufficient   boolean;
    why             text;
BEGIN
    checked := btwin._need('period', struggle_reduction.period IS NOT NULL)
           AND btwin._check_one_of('period', struggle_reduction.period, '{week,month,all}')
           AND btwin._check_time('activation_at', struggle_reduction.activation_at);
    moment := btwin._moment(struggle_reduction.as_of);
    IF struggle_reduction.activation_at >= moment OR struggle_reduction.activation_at < moment - interval '87672 hours' THEN
        PERFORM btwin._refuse('PT400', 'out_of_range', 'argument "activation_at" is not within the ten years before the moment asked for', 'Give a moment that is over.', 'activation_at');
    END IF;
    learner := btwin._caller(struggle_reduction.user_id);
    IF struggle_reduction.activation_at IS NOT NULL THEN
        changes := struggle_reduction.activation_at;
        begins := changes - interval '1008 hours';
    ELSE
        changes := moment - CASE struggle_reduction.period WHEN 'week' THEN interval '168 hours' WHEN 'month' THEN interval '720 hours' ELSE interval '2160 hours' END;
        begins := changes - (moment - changes);
    END IF;

    WITH touched AS MATERIALIZED (
        SELECT x.objective_id, x.weeks_ago, x.is_before, x.again, x.failed FROM btwin._topics_touched(learner, begins, changes, moment) AS x
    ), period AS (
        SELECT count(*) FILTER (WHERE o.is_before) AS studied_before, count(*) FILTER (WHERE o.is_before AND o.is_hard) AS struggling_before,
               count(*) FILTER (WHERE NOT o.is_before) AS studied_after, count(*) FILTER (WHERE NOT o.is_before AND o.is_hard) AS struggling_after
        FROM (SELECT x.is_before, bool_or(x.again OR x.failed) AS is_hard FROM touched AS x GROUP BY x.objective_id, x.is_before) AS o
    ), week AS (
        -- the period may change within a week
        SELECT o.weeks_ago, count(*) AS studied, count(*) FILTER (WHERE o.again) AS struggling
        FROM (SELECT x.weeks_ago, bool_or(x.again) AS again FROM touched AS x GROUP BY x.objective_id, x.weeks_ago) AS o
        GROUP BY o.weeks_ago
    )
    SELECT w.*, n.sessions_before, n.sessions_after,
           (SELECT coalesce(jsonb_agg(jsonb_build_object('week_number', g.weeks - g.weeks_ago + 1, 'week_start', greatest(begins, moment - g.weeks_ago * interval '168 hours'),
                                                         'topics_studied', coalesce(l.studied, 0), 'topics_struggling', coalesce(l.struggling, 0),
                                                         'rate', l.struggling::float8 / l.studied) ORDER BY g.weeks_ago DESC), '[]')
            FROM (SELECT q.weeks, generate_series(1, q.weeks) AS weeks_ago FROM (SELECT ceil(extract(epoch FROM moment - begins)::float8 / 604800)::integer AS weeks) AS q) AS g
            LEFT JOIN week AS l ON l.weeks_ago = g.weeks_ago) AS timeline
    INTO t
    FROM period AS w
    CROSS JOIN (SELECT count(*) FILTER (WHERE s.started_at < changes) AS sessions_before, count(*) FILTER (WHERE s.started_at >= changes) AS sessions_after
                FROM btwin.study_sessions_window(learner, begins, moment) AS s WHERE s.completed_at <= moment) AS n;

    SELECT count(*) INTO outcomes
    FROM btwin.struggle_predictions_window(learner, begins, moment + interval '744 hours') AS p
    WHERE p.actual_outcome IS NOT NULL AND p.actual_outcome_recorded_at <= moment;

    -- reduction of the rate, with the interval that two independent shares give to
    -- their ratio (MOVER, Donner and Zou 2012)
    before := btwin._jeffreys(t.struggling_before, t.studied_before);
    after := btwin._jeffreys(t.struggling_after, t.studied_after);
    IF before.value > 0 THEN
        reduction := 100 * (1 - after.value / before.value);
        center := after.value * before.value;
        lower_ratio := coalesce(after.low * (2 * after.value - after.low)
                                / nullif(center + sqrt(center ^ 2 - after.low * before.high * (2 * after.value - after.low) * (2 * before.value - before.high)), 0), 0);
        upper_ratio := (center + sqrt(center ^ 2 - after.high * before.low * (2 * after.value - after.high) * (2 * before.value - before.low)))
                       / (before.low * (2 * before.value - before.low));
    END IF;
    why := CASE WHEN t.studied_before = 0 OR t.studied_after = 0 THEN 'no_rows' ELSE 'zero_baseline' END;
    saved := CASE WHEN t.studied_before > 0 AND t.studied_after > 0 THEN 30 * greatest(0, t.struggling_before - t.struggling_after) END;

    WITH applied AS (
        SELECT r.intervention_type, count(*) AS n
        FROM btwin.intervention_recommendations_window(learner, '2000-01-01 00:00+00', moment + interval '1 microsecond') AS r
        WHERE r.applied_at >= changes AND r.applied_at <= moment
        GROUP BY r.intervention_type
    ), treated AS MATERIALIZED (
        SELECT o.intervention_type, coalesce(o.topic_id, l.course_id) AS course_id, o.struggled
        FROM btwin._intervention_outcomes(learner, changes, moment) AS o
        LEFT JOIN btwin.learning_objectives AS b ON b.id = o.learning_objective_id LEFT JOIN btwin.lectures AS l ON l.id = b.lecture_id
    ), learned AS (
        SELECT btwin.bandit_agg(o.intervention_type, (NOT o.struggled)::int) AS state FROM treated AS o WHERE o.struggled IS NOT NULL
    )
    SELECT jsonb_agg(jsonb_build_object(
               'intervention_type', a.intervention_type, 'applied_count', a.n, 'outcome_count', coalesce(e.evidence_count, 0),
               'success_rate', btwin._score(e.mean, e.low, e.high, coalesce(1 - (e.high - e.low), 0), coalesce(e.evidence_count, 0), 'btwin', version_is, moment,
                                            CASE WHEN e.mean IS NOT NULL
                                                 THEN ARRAY[(SELECT format('%s of %s outcomes without a struggle', count(*) FILTER (WHERE NOT o.struggled), count(o.struggled))
                                                             FROM treated AS o WHERE o.intervention_type = a.intervention_type)] END, 'no_outcome'),
               'courses', ARRAY(SELECT c.name FROM treated AS o JOIN btwin.courses AS c ON c.id = o.course_id WHERE o.intervention_type = a.intervention_type
                                GROUP BY c.id, c.name ORDER BY count(*) DESC, c.name, c.id LIMIT 3))
           ORDER BY a.n DESC, a.intervention_type)
    INTO treatments
    FROM applied AS a CROSS JOIN learned AS b
    LEFT JOIN LATERAL (SELECT w.* FROM btwin._without_struggle(b.state, a.intervention_type) AS w WHERE w.evidence_count > 0) AS e ON true;

    SELECT avg(p.points) AS mean, stddev_samp(p.points) AS sd, count(*) AS n INTO improvement
    FROM (SELECT o.prediction_id, 100 * ((array_agg(m.retention_score ORDER BY m.date DESC, m.id DESC))[1] - (array_agg(m.retention_score ORDER BY m.date, m.id))[1]) AS points
          FROM (SELECT DISTINCT i.prediction_id, i.learning_objective_id FROM btwin._intervention_outcomes(learner, changes, moment) AS i) AS o
          JOIN btwin.performance_metrics_window(learner, changes, moment) AS m ON m.learning_objective_id = o.learning_objective_id AND m.retention_score BETWEEN 0 AND 1
          GROUP BY o.prediction_id HAVING count(*) >= 2) AS p;

    SELECT avg(v.confidence) FILTER (WHERE v.responded_at >= changes) - avg(v.confidence) FILTER (WHERE v.responded_at < changes) AS difference, count(*)::integer AS n INTO confidence
    FROM btwin.validation_responses_window(learner, begins, moment) AS v
    WHERE NOT v.skipped AND btwin._plain_number(v.confidence) IS NOT NULL;

    is_sufficient := t.sessions_before >= 20 AND t.sessions_after >= 20 AND outcomes >= 10;
    RETURN jsonb_build_object(
        'baseline', jsonb_build_object('start_at', begins, 'end_at', changes, 'topics_studied', t.studied_before, 'topics_struggling', t.struggling_before,
                                       'rate', btwin._jeffreys_score(t.struggling_before, t.studied_before, version_is, moment, 'topics studied were hard', 'no_rows')),
        'current', jsonb_build_object('start_at', changes, 'end_at', moment, 'topics_studied', t.studied_after, 'topics_struggling', t.struggling_after,
                                      'rate', btwin._jeffreys_score(t.struggling_after, t.studied_after, version_is, moment, 'topics studied were hard', 'no_rows')),
        'reduction_percent', btwin._score(reduction, CASE WHEN reduction IS NOT NULL THEN 100 * (1 - upper_ratio) END, CASE WHEN reduction IS NOT NULL THEN 100 * (1 - lower_ratio) END,
                                          CASE WHEN reduction IS NOT NULL THEN greatest(0, 1 - (upper_ratio - lower_ratio)) ELSE 0 END, (t.studied_before + t.studied_after)::integer,
                                          'btwin', version_is, moment,
                                          CASE WHEN reduction IS NOT NULL THEN ARRAY[format('%s of %s topics before, %s of %s since', t.struggling_before, t.studied_before, t.struggling_after, t.studied_after)] END, why),
        'meets_target', reduction >= 25,
        'timeline', t.timeline,
        'interventions', coalesce(treatments, '[]'),
        'performance_improvement', btwin._mean_score(improvement.n, improvement.mean, improvement.sd, -100, 100, version_is, moment,
                                                     ARRAY[format('last less first retention of %s treated predictions', improvement.n)]),
        'time_saved_minutes', btwin._score(saved, NULL, NULL, 0, (t.studied_before + t.studied_after)::integer, 'btwin', version_is, moment,
                                           CASE WHEN saved IS NOT NULL THEN ARRAY['30 minutes for each topic fewer are assumed'] END, 'no_rows'),
        'confidence_increase', btwin._score(confidence.difference, NULL, NULL, CASE WHEN confidence.difference IS NULL THEN 0 ELSE btwin._evidence_confidence(confidence.n) END,
                                            confidence.n, 'btwin', version_is, moment,
                                            CASE WHEN confidence.difference IS NOT NULL THEN ARRAY[format('mean confidence of %s answers', confidence.n)] END, 'no_rows'),
        'sufficient_data', is_sufficient,
        'caveats', '["no control group: what would have been otherwise is not known", "a bad start gets better by itself (regression to the mean)",
                     "topics and effort of the two periods differ", "a single AGAIN makes a topic hard", "time saved is assumed, not measured"]'::jsonb
                   || CASE WHEN is_sufficient THEN '[]' ELSE '["fewer than 20 sessions in a period, or than 10 outcomes"]' END::jsonb);
END
$struggle_reduction$;
COMMENT ON FUNCTION btwin_api.struggle_reduction(text, text, timestamptz, timestamptz) IS
'Are there fewer struggles than before?

An uncontrolled comparison of two periods of a learner, which says so in its caveats.

Arguments: user_id: the learner, by default the caller. period: current are the last 7 (week), 30 (month) or 90 days (all), the baseline as many before. activation_at: current is the time since then, the baseline the 6 weeks before; at most 3653 days ago; period is not looked at. as_of: the moment; by default now.

Keys: baseline, current: {start_at, end_at, topics_studied, topics_struggling, rate}; topics are the objectives of completed sessions: those they complete, review or validate; struggling those with a card answered AGAIN or a validation below 0.6; rate: score 0 to 1 with Jeffreys'' interval. reduction_percent: score in percent of the baseline''s rate, at most 100, with the interval that two independent shares give (MOVER). meets_target: 25 and more, null where unknown. timeline: [{week_number, week_start, topics_studied, topics_struggling, rate 0 to 1}], weeks of 7 days that end at the moment, the oldest first and cut at the baseline''s start; struggling by AGAIN alone. interventions: [{intervention_type, applied_count, outcome_count, success_rate, courses}], applied in the current period, the most frequent first; success_rate: score 0 to 1, as effectiveness of btwin_api.interventions; courses: up to three names. performance_improvement: score in points of 100, mean over treated predictions of last less first retention of the objective since the change, where there are two days, with Student''s interval. time_saved_minutes: score in minutes, 30 for each struggling topic fewer. confidence_increase: score, difference of mean confidence of validation answers. sufficient_data: 20 sessions in each period and 10 outcomes. caveats: what the comparison cannot say.

Reasons of a missing value: no_rows, zero_baseline (nothing was hard before), no_outcome.

Errors: PT400 missing_argument, not_allowed_value, out_of_range; PT403 forbidden, no_claim, analysis_disabled; PT404 unknown_learner.

Rule: Epic 5 domain model, 2.19. Reads study_sessions, reviews, cards, validation_responses, validation_prompts, performance_metrics, intervention_recommendations, struggle_predictions, learning_objectives, lectures, courses.';
