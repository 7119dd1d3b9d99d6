-- How strategies fared: those the bandit tries with one learner, and the arms of
-- an experiment over many.

CREATE FUNCTION btwin_api.strategy_performance(user_id text DEFAULT NULL, context_is text DEFAULT NULL, policy_is text DEFAULT NULL,
    method_is text DEFAULT 'btwin', as_of timestamptz DEFAULT NULL)
RETURNS TABLE (context text, arm text, pulls integer, rewarded integer, defaulted integer, pending integer, mean_reward float8,
               posterior_alpha float8, posterior_beta float8, posterior_mean float8, posterior_low float8, posterior_high float8, probability_best float8,
               off_policy_value float8, off_policy_low float8, off_policy_high float8, regret float8, last_used_at timestamptz,
               confidence float8, evidence_count integer, method text, version text, computed_for timestamptz, reason text)
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 2000 ROWS 8
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan
AS $strategy_performance$
#variable_conflict use_column
DECLARE
    checked boolean;
    moment  timestamptz;
    learner text;
    steps   boolean;
BEGIN
    checked := btwin._check_enum('context_is', strategy_performance.context_is, 'PersonalizationContext')
           AND btwin._check_one_of('policy_is', strategy_performance.policy_is, '{thompson,epsilon_greedy,uniform}')
           AND btwin._check_method(strategy_performance.method_is);
    moment := btwin._moment(strategy_performance.as_of);
    learner := btwin._caller(strategy_performance.user_id);
    steps := strategy_performance.method_is = 'epic5';
    RETURN QUERY
    WITH decided AS MATERIALIZED (
        SELECT d.context, d.arms, d.arm, d.propensity, d.decided_at,
               CASE WHEN d.rewarded_at <= moment THEN 'rewarded' WHEN d.reward_due_at < moment AND d.default_reward IS NOT NULL THEN 'defaulted' ELSE 'pending' END AS state,
               CASE WHEN d.rewarded_at <= moment THEN d.reward WHEN d.reward_due_at < moment THEN d.default_reward END AS reward
        FROM btwin.decision d
        WHERE d.user_id = learner AND d.decided_at >= timestamptz '2000-01-01 00:00+00' AND d.decided_at <= moment
          AND (strategy_performance.context_is IS NULL OR d.context = strategy_performance.context_is)
          AND (strategy_performance.policy_is IS NULL OR d.policy = strategy_performance.policy_is)),
    used AS (
        SELECT d.context, d.arm, count(*)::int AS pulls, count(*) FILTER (WHERE d.state = 'rewarded')::int AS rewarded,
               count(*) FILTER (WHERE d.state = 'defaulted')::int AS defaulted, count(*) FILTER (WHERE d.state = 'pending')::int AS pending,
               avg(d.reward) AS mean_reward, max(d.decided_at) AS last_used_at,
               -- a policy that always plays the arm: other decisions weigh nothing
               btwin.off_policy_value(btwin.off_policy_agg(d.reward, d.propensity, 1)) AS always
        FROM decided AS d GROUP BY d.context, d.arm),
    states AS (
        SELECT d.context, btwin.bandit_agg(d.arm, CASE WHEN steps THEN CASE WHEN d.reward > 0.5 THEN 1 ELSE 0 END ELSE d.reward END) FILTER (WHERE d.reward IS NOT NULL) AS bandit
        FROM decided AS d GROUP BY d.context),
    arms AS (
        SELECT DISTINCT a.context, t.arm FROM (SELECT DISTINCT d.context, d.arms FROM decided AS d) AS a CROSS JOIN unnest(a.arms) AS t (arm)),
    known AS (
        SELECT s.context, coalesce(s.bandit, btwin.bandit_init(l.arms)) AS bandit, l.arms
        FROM states AS s JOIN (SELECT a.context, array_agg(a.arm ORDER BY a.arm) AS arms FROM arms AS a GROUP BY a.context) AS l ON l.context = s.context),
    judged AS (
        SELECT k.context, p.arm, p.propensity AS probability_best, q.*, max(q.mean) OVER (PARTITION BY k.context) AS best_mean
        FROM known AS k
        CROSS JOIN LATERAL btwin.propensities(k.bandit, 'thompson', k.arms) AS p
        CROSS JOIN LATERAL btwin.posterior(k.bandit, p.arm) AS q)
    SELECT j.context, j.arm, coalesce(u.pulls, 0), coalesce(u.rewarded, 0), coalesce(u.defaulted, 0), coalesce(u.pending, 0), u.mean_reward,
           j.alpha, j.beta, j.mean, j.low, j.high, j.probability_best,
           (u.always).value, CASE WHEN (u.always).low IS NOT NULL THEN greatest(0, (u.always).low) END, CASE WHEN (u.always).high IS NOT NULL THEN least(1, (u.always).high) END,
           j.evidence_count * (j.best_mean - j.mean), u.last_used_at,
           CASE WHEN steps THEN btwin.epic5_bandit_confidence(j.evidence_count::int, j.alpha, j.beta) ELSE greatest(0, 1 - (j.high - j.low) / 0.95) END,
           j.evidence_count::int, strategy_performance.method_is, CASE WHEN steps THEN 'epic5-1' ELSE 'bandit-1' END, moment,
           CASE WHEN u.mean_reward IS NULL THEN 'no_outcome' END
    FROM judged AS j LEFT JOIN used AS u ON u.context = j.context AND u.arm = j.arm
    ORDER BY j.context, j.mean DESC, j.arm;
END
$strategy_performance$;
COMMENT ON FUNCTION btwin_api.strategy_performance(text, text, text, text, timestamptz) IS
'How the strategies that were tried with a learner fared, for each context the best first.
A list, worked out from all decisions of the bandit up to as_of: one row for each arm that could have been chosen. Order: context, posterior_mean downwards, arm.
Arguments. user_id: learner, default the caller. context_is: MISSION, CONTENT, ASSESSMENT or SESSION. policy_is: thompson, epsilon_greedy or uniform. method_is: btwin counts a reward as it is; epic5 as 1 above 0.5, else as 0. as_of: moment of the answer, default now; a reward observed later had not been given then.
Columns. context, arm; pulls: decisions for it; rewarded: with a reward; defaulted: without one, but past reward_due_at with a default reward, which counts; pending: the others, which do not; mean_reward 0 to 1; posterior_alpha, posterior_beta: 1 + sum of rewards, 1 + sum of (1 - reward); posterior_mean, posterior_low, posterior_high: mean and central 95 % interval of that Beta distribution; probability_best: 0 to 1, that the arm is the best of its context; off_policy_value, off_policy_low, off_policy_high: mean reward 0 to 1 of always playing the arm, self-normalised inverse propensity with a 95 % interval from two rewards on; regret: rewards counted times the distance of its posterior mean from that of the best arm; last_used_at; confidence 0 to 1: by how much of the prior''s width the interval is narrower (epic5: its own rule); evidence_count: rewards counted; method, version; computed_for; reason: no_outcome where there is no mean_reward.
Errors: PT400 missing_argument, out_of_range, not_allowed_value, user_required; PT403 no_claim, forbidden, analysis_disabled; PT404 unknown_learner.
Epic 5 domain model, 2.27. Reads btwin.decision.';

CREATE FUNCTION btwin_api.experiment_result(experiment_id text DEFAULT NULL, metric text DEFAULT 'retention', as_of timestamptz DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql STABLE PARALLEL UNSAFE COST 10000
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan
AS $experiment_result$
DECLARE
    checked boolean;
    rule_version CONSTANT text := 'experiment-1';
    z           CONSTANT float8 := 1.959963984540054;
    moment      timestamptz;
    trial       record;
    variants    jsonb;
    arms        jsonb;
    shares      record;
    first       record;
    second      record;
    is_enough   boolean;
    state       text;
    lacking     integer;
    run_days    integer;
    why_not     text;
    n           integer;
    difference  float8;
    reasons     text[];
    v1          float8;
    v2          float8;
    variance    float8;
    df          float8;
    half        float8;
    p_value     float8;
    spread      float8;
    effect      float8;
    effect_half float8;
    ratio_p     float8;
    as_meant    boolean;
    mixing      float8;
    always_half float8;
    stops       boolean;
    is_decided  boolean;
    winner      text;
    improvement float8;
BEGIN
    checked := btwin._need('experiment_id', experiment_result.experiment_id IS NOT NULL)
           AND btwin._need('metric', experiment_result.metric IS NOT NULL)
           AND btwin._check_one_of('metric', experiment_result.metric, '{retention,performance,completion_rate,satisfaction}');
    moment := btwin._moment(experiment_result.as_of);
    IF to_regclass('btwin.access') IS NULL OR btwin.attached_schema() IS NULL THEN
        PERFORM btwin._refuse('PT400', 'not_attached', 'btwin is not attached to a schema of this database', 'SELECT * FROM btwin.attach()');
    END IF;
    IF NOT btwin._is_service() THEN
        PERFORM btwin._refuse('PT403', 'service_only', 'results of experiments are for services', 'Ask in the role that btwin.secure() named for services.');
    END IF;
    SELECT e.id, e.experiment_name, e.context, e.status, e.start_date, e.end_date, e.completed_at, e.variants INTO trial
    FROM btwin.personalization_experiments e WHERE e.id = experiment_result.experiment_id;
    IF NOT FOUND THEN
        PERFORM btwin._refuse_foreign(true);
    END IF;
    variants := btwin._unwrapped(trial.variants);
    IF jsonb_typeof(variants) = 'object' THEN
        variants := variants -> 'variants';
    END IF;
    IF jsonb_typeof(variants) IS DISTINCT FROM 'array' THEN
        variants := '[]';
    END IF;

    -- a learner is one observation: the mean of what was seen after the assignment
    SELECT jsonb_agg(jsonb_build_object('variant_id', a.variant_id, 'name', a.name, 'assigned', a.assigned, 'weight', a.weight, 'n', a.n, 'mean', a.mean, 'sd', a.sd) ORDER BY a.place)
    INTO arms
    FROM (SELECT t.variant ->> 'variantId' AS variant_id, t.variant ->> 'name' AS name, t.place, coalesce(btwin._json_number(t.variant -> 'weight'), 1) AS weight,
                 count(p.user_id) AS assigned, count(p.value) AS n, avg(p.value) AS mean, btwin._spread(stddev_samp(p.value), avg(p.value)) AS sd
          FROM jsonb_array_elements(variants) WITH ORDINALITY AS t (variant, place)
          LEFT JOIN (SELECT s.user_id, s.variant_id,
                            CASE WHEN experiment_result.metric = 'satisfaction'
                                 THEN CASE WHEN btwin._json_number(s.metrics -> 'satisfaction') BETWEEN 1 AND 5 THEN btwin._json_number(s.metrics -> 'satisfaction') END
                                 ELSE o.value END AS value
                     FROM btwin.experiment_assignments s
                     JOIN btwin.users u ON u.id = s.user_id AND u.include_in_analytics AND u.behavioral_analysis_enabled
                     LEFT JOIN LATERAL (SELECT avg(btwin._plain_number(CASE experiment_result.metric WHEN 'retention' THEN w.retention_score
                                                                       WHEN 'performance' THEN w.performance_score ELSE w.completion_rate END)) AS value
                                        FROM btwin.personalization_outcomes_window(s.user_id, s.assigned_at, least(trial.end_date, moment + interval '1 microsecond')) AS w
                                        WHERE w.context = trial.context) AS o ON true
                     WHERE s.experiment_id = trial.id AND s.assigned_at <= moment) AS p ON p.variant_id = t.variant ->> 'variantId'
          GROUP BY t.variant, t.place) AS a;
    arms := coalesce(arms, '[]');

    SELECT count(*)::int AS arms, sum(greatest(0, 20 - a.n))::int AS lacking, sum(a.n)::int AS n, sum(a.assigned) AS assigned, sum(a.weight) AS weight INTO shares
    FROM jsonb_to_recordset(arms) AS a (n integer, assigned float8, weight float8);
    n := coalesce(shares.n, 0);
    lacking := CASE WHEN shares.arms = 0 THEN 40 ELSE shares.lacking END;
    run_days := greatest(0, floor(extract(epoch FROM least(trial.end_date, moment) - trial.start_date) / 86400));
    is_enough := lacking = 0 AND run_days >= 14;
    is_decided := trial.end_date <= moment OR trial.status = 'COMPLETED' AND (trial.completed_at <= moment OR trial.completed_at IS NULL);
    state := CASE WHEN trial.status = 'CANCELLED' AND (trial.completed_at <= moment OR trial.completed_at IS NULL) THEN 'CANCELLED'
                  WHEN NOT is_enough THEN 'INSUFFICIENT_DATA' WHEN is_decided THEN 'COMPLETED' ELSE 'ACTIVE' END;

    -- are the arms as large as they were meant to be? Chi-square
    IF shares.arms >= 2 AND shares.assigned > 0
       AND NOT EXISTS (SELECT FROM jsonb_to_recordset(arms) AS a (weight float8) WHERE a.weight <= 0) THEN
        ratio_p := 1 - btwin.gamma_cdf((SELECT sum((a.assigned - shares.assigned * a.weight / shares.weight) ^ 2 / (shares.assigned * a.weight / shares.weight))
                                        FROM jsonb_to_recordset(arms) AS a (assigned float8, weight float8)) / 2, (shares.arms - 1) / 2.0::float8);
        as_meant := ratio_p >= 0.001;
    END IF;

    IF NOT is_enough THEN
        why_not := 'insufficient_data';
        arms := (SELECT coalesce(jsonb_agg(a || '{"mean": null, "sd": null}' ORDER BY place), '[]') FROM jsonb_array_elements(arms) WITH ORDINALITY AS t (a, place));
    ELSIF shares.arms <> 2 THEN
        why_not := 'not_measured';
    ELSE
        SELECT * INTO first FROM jsonb_to_record(arms -> 0) AS a (variant_id text, n float8, mean float8, sd float8);
        SELECT * INTO second FROM jsonb_to_record(arms -> 1) AS a (variant_id text, n float8, mean float8, sd float8);
        v1 := first.sd ^ 2 / first.n;
        v2 := second.sd ^ 2 / second.n;
        variance := v1 + v2;
        IF variance > 0 THEN
            difference := first.mean - second.mean;
            reasons := ARRAY[format('mean of %s less mean of %s', first.variant_id, second.variant_id)];
            df := variance ^ 2 / (v1 ^ 2 / (first.n - 1) + v2 ^ 2 / (second.n - 1));
            -- P(|T| >= t) of Student's distribution is an incomplete beta function
            p_value := btwin.beta_cdf(df / (df + difference ^ 2 / variance), df / 2, 0.5);
            half := btwin._t_critical(df) * sqrt(variance);
            spread := sqrt(((first.n - 1) * first.sd ^ 2 + (second.n - 1) * second.sd ^ 2) / (first.n + second.n - 2));
            effect := difference / spread;
            effect_half := z * sqrt((first.n + second.n) / (first.n * second.n) + effect ^ 2 / (2 * (first.n + second.n)));
            -- valid however often one looks: a normal mixture over differences, a
            -- tenth of the scale wide, at 5 %
            mixing := CASE WHEN experiment_result.metric = 'satisfaction' THEN 0.4 ELSE 0.1 END ^ 2;
            always_half := sqrt(2 * variance * (variance + mixing) / mixing * (ln(20) + ln((variance + mixing) / variance) / 2));
            stops := abs(difference) > always_half;
            IF as_meant AND (is_decided AND p_value < 0.05 OR NOT is_decided AND stops) THEN
                winner := CASE WHEN first.mean > second.mean THEN first.variant_id ELSE second.variant_id END;
                improvement := 100 * abs(difference) / nullif(least(first.mean, second.mean), 0);
            END IF;
        ELSE
            why_not := 'zero_variance';
        END IF;
    END IF;
    RETURN jsonb_build_object(
        'id', trial.id, 'experiment_name', trial.experiment_name, 'status', state, 'metric', experiment_result.metric,
        'arms', (SELECT coalesce(jsonb_agg(a - 'assigned' - 'weight' ORDER BY place), '[]') FROM jsonb_array_elements(arms) WITH ORDINALITY AS t (a, place)),
        'difference', btwin._score(difference, difference - half, difference + half, btwin._evidence_confidence(n), n, 'btwin', rule_version, moment,
                                   reasons, why_not),
        'p_value', p_value, 'degrees_of_freedom', df,
        'effect_size', jsonb_build_object('value', effect, 'low', effect - effect_half, 'high', effect + effect_half),
        'sample_ratio', jsonb_build_object('p_value', ratio_p, 'ok', as_meant),
        'sequential', jsonb_build_object('low', difference - always_half, 'high', difference + always_half, 'stop', coalesce(stops, false)),
        'winner', winner, 'improvement_percent', improvement,
        'requirements', jsonb_build_object('participants_needed', lacking, 'days_needed', greatest(0, 14 - run_days)));
END
$experiment_result$;
COMMENT ON FUNCTION btwin_api.experiment_result(text, text, timestamptz) IS
'What an experiment over many learners has shown so far.
A document about a cohort, for services only: there is no user_id. It counts learners who agreed to be counted (users.include_in_analytics) and are analysed; a learner is one observation, the mean of the outcomes in the experiment''s context from the assignment to the end.
Arguments. experiment_id: required. metric: retention (default), performance, completion_rate: outcomes, 0 to 1; satisfaction: the number of that name in the metrics of the assignment, 1 to 5. as_of: moment of the answer, default now.
Keys. id, experiment_name; status: CANCELLED, INSUFFICIENT_DATA, COMPLETED, ACTIVE; metric; arms [{variant_id, name, n: learners with a value, mean, sd of the sample}]; difference: score, mean of the first arm less that of the second, interval after Welch; p_value: two-sided, Welch''s t; degrees_of_freedom; effect_size {value, low, high}: in standard deviations (Cohen''s d); sample_ratio {p_value, ok}: chi-square of assigned learners against the weights of the variants, ok from 0.001 on; sequential {low, high, stop}: 95 % interval that holds however often one looks, and whether it excludes 0; winner: variant with the larger mean, while the experiment runs where sequential says stop, afterwards where p_value is below 0.05, never where sample_ratio is not ok; improvement_percent: of the winner over the other; requirements {participants_needed, days_needed}: what lacks to 20 learners in each arm and 14 days. Two arms are compared; of more, or one, means alone are shown.
Reasons of a missing value: insufficient_data (the requirements do not hold; means are not shown either), zero_variance (all values of each arm are alike), not_measured (not two arms).
Errors: PT400 missing_argument, out_of_range, not_allowed_value, not_attached; PT403 service_only; PT404 unknown_id.
Epic 5 domain model, 2.28; sequential: Robbins, Ann. Math. Stat. 41 (1970), Johari et al., Operations Research 70 (2022). Reads personalization_experiments, experiment_assignments, personalization_outcomes, users.';
