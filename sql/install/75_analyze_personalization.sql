-- Personalization in the nightly analysis: configurations in force are worked out
-- anew, and what they did is measured week by week.

INSERT INTO btwin.analysis_step (position, step, function, comment) VALUES
    (60, 'personalization', 'btwin._analyze_personalization', 'configurations of personalization and their effect');

INSERT INTO btwin.phrase (locale, key, phrase) VALUES
    ('en', 'config.effectiveness', 'Measured over the last weeks');

CREATE FUNCTION btwin._adapt_configs(learner text, moment timestamptz) RETURNS integer
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $adapt_configs$
#variable_conflict use_column
DECLARE
    adapted integer;
    answer  jsonb;
BEGIN
    IF NOT EXISTS (SELECT FROM btwin.personalization_preferences p WHERE p.user_id = learner AND p.auto_adapt_enabled)
       OR NOT EXISTS (SELECT FROM btwin.personalization_configs c WHERE c.user_id = learner AND (c.is_active AND c.deactivated_at IS NULL OR c.deactivated_at > moment)) THEN
        RETURN 0;
    END IF;
    answer := btwin._personalization(learner, moment);
    SELECT count(*) FILTER (WHERE m.changed) INTO adapted
    FROM jsonb_each(answer) AS e (name, part)
    CROSS JOIN LATERAL (SELECT (btwin._put_config(learner, upper(e.name), NULL, e.part -> 'parameters', (e.part ->> 'confidence')::float8, moment)).changed
                        WHERE (e.part ->> 'applicable')::boolean AND e.part ->> 'active_config_id' IS NOT NULL) AS m
    WHERE e.name IN ('mission', 'content', 'assessment', 'session');
    RETURN adapted;
END
$adapt_configs$;
COMMENT ON FUNCTION btwin._adapt_configs(text, timestamptz) IS
'Internal: gives the learner''s configurations in force the parameters of a moment, where the learner lets them be adapted (auto_adapt_enabled) and the profile is good enough for it; how many changed.';

CREATE FUNCTION btwin._measure_effectiveness(learner text, moment timestamptz, OUT created integer, OUT updated integer)
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan
AS $measure_effectiveness$
#variable_conflict use_column
DECLARE
    rule_version CONSTANT text := 'effectiveness-1';
    zone        text := btwin._zone(learner);
    today       date := (moment AT TIME ZONE zone)::date;
    -- 26 weeks that have ended and the one of today: their Sundays at 0 hours
    starts      timestamptz[] := ARRAY(SELECT (today - extract(dow FROM today)::integer - 7 * g)::timestamp AT TIME ZONE zone FROM generate_series(26, 0, -1) AS g ORDER BY g DESC);
    since       timestamptz := starts[1];
    until       timestamptz := starts[27];
    stored_at   timestamptz := date_trunc('milliseconds', moment);
BEGIN
    WITH config AS MATERIALIZED (
        SELECT c.id, c.context, c.activated_at, coalesce(c.deactivated_at, 'infinity') AS deactivated_at
        FROM btwin.personalization_configs_window(learner, '2000-01-01 00:00+00', until) AS c
    ), outcome AS (
        -- after a configuration was put in force
        SELECT c.id AS config_id, width_bucket(o.timestamp, starts) AS week, o.retention_score AS retention, o.performance_score AS performance, o.completion_rate AS completion, o.engagement_score AS engagement
        FROM config AS c
        JOIN btwin.personalization_outcomes_window(learner, since, until) AS o
             ON o.personalization_applied AND o.context = c.context AND o.timestamp >= c.activated_at
            AND (o.config_id = c.id OR o.config_id IS NULL AND o.timestamp < c.deactivated_at)
        UNION ALL
        -- the six weeks before, without personalization
        SELECT c.id, NULL, o.retention_score, o.performance_score, o.completion_rate, o.engagement_score
        FROM config AS c
        CROSS JOIN LATERAL btwin.personalization_outcomes_window(learner, c.activated_at - interval '1008 hours', c.activated_at) AS o
        WHERE NOT o.personalization_applied AND o.context = c.context
    ), summary AS (
        SELECT v.config_id, v.week, count(*) FILTER (WHERE num_nonnulls(v.retention, v.performance, v.completion, v.engagement) > 0)::integer AS n,
               count(v.retention)::integer AS retention_n, avg(v.retention)::float8 / 1e9 AS retention, var_samp(v.retention)::float8 / 1e18 AS variance,
               count(v.performance) AS performance_n, avg(v.performance)::float8 AS performance,
               count(v.completion) AS completion_n, avg(v.completion)::float8 AS completion,
               count(v.engagement) AS engagement_n, avg(v.engagement)::float8 AS engagement
        -- whole billionths have exact sums: the order of the rows makes no difference
        FROM (SELECT o.config_id, o.week, CASE WHEN o.retention BETWEEN 0 AND 1 THEN (1e9 * o.retention)::bigint END AS retention,
                     CASE WHEN o.performance BETWEEN 0 AND 1 THEN (1e9 * o.performance)::bigint END AS performance,
                     CASE WHEN o.completion BETWEEN 0 AND 1 THEN (1e9 * o.completion)::bigint END AS completion,
                     CASE WHEN o.engagement BETWEEN 0 AND 1 THEN (1e9 * o.engagement)::bigint END AS engagement
              FROM outcome AS o) AS v
        GROUP BY v.config_id, v.week
    ), change AS (
        -- two in the week and five before it, as many as a phase of a single-case
        -- experiment needs; nothing is a percentage of zero
        SELECT w.config_id, w.week, w.n, w.retention_n AS n1, b.retention_n AS n0, w.retention AS m1, b.retention AS m0, w.variance AS s1, b.variance AS s0,
               CASE WHEN w.retention_n >= 2 AND b.retention_n >= 5 AND b.retention > 0 THEN 100 * (w.retention / b.retention - 1) END AS retention,
               CASE WHEN w.performance_n >= 2 AND b.performance_n >= 5 AND b.performance > 0 THEN 100 * (w.performance / b.performance - 1) END AS performance,
               CASE WHEN w.completion_n >= 2 AND b.completion_n >= 5 AND b.completion > 0 THEN 100 * (w.completion / b.completion - 1) END AS completion,
               CASE WHEN w.engagement_n >= 2 AND b.engagement_n >= 5 AND b.engagement > 0 THEN 100 * (w.engagement / b.engagement - 1) END AS engagement
        FROM summary AS w JOIN summary AS b ON b.config_id = w.config_id AND b.week IS NULL
        WHERE w.week IS NOT NULL
    ), tested AS (
        -- Welch's t; r is Pearson's with personalized as 1, from the same sums. OFFSET 0:
        -- nothing is divided before it is known that it can be, here and below
        SELECT c.*, s.v1, s.v0, t.df, btwin.beta_cdf(t.df / (t.df + (c.m1 - c.m0) ^ 2 / (s.v1 + s.v0)), t.df / 2, 0.5) AS p,
               (c.m1 - c.m0) * sqrt(s.spread) / sqrt((c.n1 - 1) * c.s1 + (c.n0 - 1) * c.s0 + s.spread * (c.m1 - c.m0) ^ 2) AS r
        FROM change AS c
        LEFT JOIN LATERAL (SELECT c.s1 / c.n1 AS v1, c.s0 / c.n0 AS v0, c.n1 * c.n0 / (c.n1 + c.n0)::float8 AS spread WHERE c.retention IS NOT NULL AND c.s1 + c.s0 > 0 OFFSET 0) AS s ON true
        LEFT JOIN LATERAL (SELECT (s.v1 + s.v0) ^ 2 / (s.v1 ^ 2 / (c.n1 - 1) + s.v0 ^ 2 / (c.n0 - 1)) AS df) AS t ON true
        WHERE num_nonnulls(c.retention, c.performance, c.completion, c.engagement) > 0
    ), judged AS (
        -- what is tested together is what was in force in one week: after Holm
        SELECT t.*, round(t.retention::numeric, 9)::float8 AS retention_change, round(t.performance::numeric, 9)::float8 AS performance_change,
               round(t.completion::numeric, 9)::float8 AS completion_change, round(t.engagement::numeric, 9)::float8 AS engagement_change,
               round(t.r::numeric, 9)::float8 AS correlation,
               t.p IS NOT NULL AND max(t.p * t.others) OVER (PARTITION BY t.week ORDER BY t.place) < 0.05 AS is_significant,
               round(((coalesce(0.4 * btwin._change_score(t.retention), 0) + coalesce(0.3 * btwin._change_score(t.performance), 0)
                       + coalesce(0.2 * btwin._change_score(t.completion), 0) + coalesce(0.1 * btwin._change_score(t.engagement), 0))
                      / (CASE WHEN t.retention IS NULL THEN 0 ELSE 0.4 END + CASE WHEN t.performance IS NULL THEN 0 ELSE 0.3 END
                         + CASE WHEN t.completion IS NULL THEN 0 ELSE 0.2 END + CASE WHEN t.engagement IS NULL THEN 0 ELSE 0.1 END))::numeric, 9)::float8 AS composite
        FROM (SELECT u.*, row_number() OVER w AS place, count(u.p) OVER (PARTITION BY u.week) - row_number() OVER w + 1 AS others
              FROM tested AS u WINDOW w AS (PARTITION BY u.week ORDER BY u.p, u.config_id)) AS t
    ), compared AS MATERIALIZED (
        SELECT j.*, coalesce(e.id, btwin._new_id()) AS id, e.id IS NULL AS is_new, b.start_date, b.end_date
        FROM judged AS j
        CROSS JOIN LATERAL (SELECT starts[j.week] AS start_date, starts[j.week + 1] AS end_date) AS b
        -- in another time zone a week begins at another hour, and is the same week
        LEFT JOIN btwin.personalization_effectiveness_window(learner, since - interval '84 hours', until) AS e
             ON e.config_id = j.config_id AND e.start_date BETWEEN b.start_date - interval '84 hours' AND b.start_date + interval '84 hours'
        LEFT JOIN btwin.provenance p ON p.user_id = learner AND p.kind = 'personalization_effectiveness' AND p.id = e.id
        -- what the application wrote is its own
        WHERE e.id IS NULL
           OR p.id IS NOT NULL
              AND (e.start_date, e.end_date, e.retention_improvement, e.performance_improvement, e.completion_rate_change, e.engagement_change, e.sample_size, e.correlation, e.p_value, e.composite_score, e.is_statistically_significant)
                  IS DISTINCT FROM (b.start_date, b.end_date, j.retention_change, j.performance_change, j.completion_change, j.engagement_change, j.n, j.correlation, j.p, j.composite, j.is_significant)
    ), bounded AS MATERIALIZED (
        -- of the quotient of two means, after Fieller: it holds 0 just where Welch's
        -- test does not tell the means apart, and has no end where the mean before
        -- is not told apart from 0
        SELECT c.*, round((100 * (f.middle - f.half - 1))::numeric, 9)::float8 AS low, round((100 * (f.middle + f.half - 1))::numeric, 9)::float8 AS high
        FROM compared AS c
        LEFT JOIN LATERAL (SELECT btwin._t_critical(c.df) ^ 2 AS tt WHERE c.df IS NOT NULL) AS t ON true
        LEFT JOIN LATERAL (SELECT c.m0 * c.m1 / (c.m0 ^ 2 - t.tt * c.v0) AS middle,
                                  sqrt(t.tt * (c.v1 * c.m0 ^ 2 + c.v0 * c.m1 ^ 2) - t.tt ^ 2 * c.v0 * c.v1) / (c.m0 ^ 2 - t.tt * c.v0) AS half
                           WHERE c.m0 ^ 2 > t.tt * c.v0 OFFSET 0) AS f ON true
    ), inserted AS (
        INSERT INTO btwin.personalization_effectiveness (id, user_id, config_id, start_date, end_date, retention_improvement, performance_improvement, completion_rate_change, engagement_change,
                                                         sample_size, correlation, p_value, confidence_interval, composite_score, is_statistically_significant, calculated_at)
        SELECT c.id, learner, c.config_id, c.start_date, c.end_date, c.retention_change, c.performance_change, c.completion_change, c.engagement_change,
               c.n, c.correlation, c.p, CASE WHEN c.low IS NOT NULL THEN jsonb_build_object('lower', c.low, 'upper', c.high) END, c.composite, c.is_significant, stored_at
        FROM bounded AS c WHERE c.is_new
    ), changed AS (
        UPDATE btwin.personalization_effectiveness e
        SET start_date = c.start_date, end_date = c.end_date, retention_improvement = c.retention_change, performance_improvement = c.performance_change, completion_rate_change = c.completion_change,
            engagement_change = c.engagement_change, sample_size = c.n, correlation = c.correlation, p_value = c.p,
            confidence_interval = CASE WHEN c.low IS NOT NULL THEN jsonb_build_object('lower', c.low, 'upper', c.high) END,
            composite_score = c.composite, is_statistically_significant = c.is_significant, calculated_at = stored_at
        FROM bounded AS c WHERE NOT c.is_new AND e.id = c.id AND e.user_id = learner
    ), noted AS (
        INSERT INTO btwin.provenance (user_id, kind, id, method, version, computed_for, evidence_count, low, high)
        SELECT learner, 'personalization_effectiveness', c.id, 'btwin', rule_version, moment, c.n, c.low, c.high FROM bounded AS c
        ON CONFLICT (user_id, kind, id) DO UPDATE
        SET method = excluded.method, version = excluded.version, computed_for = excluded.computed_for, evidence_count = excluded.evidence_count, low = excluded.low, high = excluded.high
    )
    SELECT count(*) FILTER (WHERE c.is_new), count(*) FILTER (WHERE NOT c.is_new) INTO created, updated FROM bounded AS c;
END
$measure_effectiveness$;
COMMENT ON FUNCTION btwin._measure_effectiveness(text, timestamptz) IS
'Internal: stores what configurations changed, one row of personalization_effectiveness for each and each week (Sunday to Saturday of the learner''s calendar) of the last 26 that has ended and has outcomes, with its provenance; how many rows are new, how many changed.
A week''s outcomes of the configuration (its own, or without a configuration but of its context while it was in force) are held against those of the same context in the 1008 hours before it was put in force, without personalization. A change is 100 (mean/mean before - 1), from 2 outcomes in the week and 5 before, where the mean before is not 0. Retention is tested: p_value of Welch''s t, confidence_interval of the quotient after Fieller (95 %, NULL where it has no end), is_statistically_significant after Holm over the configurations of one week, correlation of retention with being personalized. composite_score as in btwin_api.personalization_effectiveness(). Rows of the application are left alone. Epic 5 domain model, 2.26; Welch, Biometrika 34 (1947); Fieller, J. R. Stat. Soc. B 16 (1954); Holm, Scand. J. Stat. 6 (1979).';

CREATE FUNCTION btwin._score_configs(learner text, moment timestamptz) RETURNS integer
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan
AS $score_configs$
#variable_conflict use_column
DECLARE
    stored_at   timestamptz := date_trunc('milliseconds', moment);
    changed     integer;
BEGIN
    WITH pooled AS (
        SELECT e.config_id,
               sum(e.retention_improvement * e.sample_size) / nullif(sum(e.sample_size) FILTER (WHERE e.retention_improvement IS NOT NULL), 0) AS retention,
               sum(e.performance_improvement * e.sample_size) / nullif(sum(e.sample_size) FILTER (WHERE e.performance_improvement IS NOT NULL), 0) AS performance,
               sum(e.completion_rate_change * e.sample_size) / nullif(sum(e.sample_size) FILTER (WHERE e.completion_rate_change IS NOT NULL), 0) AS completion,
               sum(e.engagement_change * e.sample_size) / nullif(sum(e.sample_size) FILTER (WHERE e.engagement_change IS NOT NULL), 0) AS engagement
        -- four weeks; those that have not ended are not there
        FROM (SELECT w.config_id, w.sample_size, btwin._plain_number(w.retention_improvement) AS retention_improvement, btwin._plain_number(w.performance_improvement) AS performance_improvement,
                     btwin._plain_number(w.completion_rate_change) AS completion_rate_change, btwin._plain_number(w.engagement_change) AS engagement_change
              FROM btwin.personalization_effectiveness_window(learner, moment - interval '864 hours', moment) AS w
              WHERE w.end_date > moment - interval '672 hours' AND w.end_date <= moment) AS e
        GROUP BY e.config_id
    ), scored AS MATERIALIZED (
        SELECT c.id, c.context, c.strategy_variant, c.effectiveness_score AS old, s.score
        FROM pooled AS p
        JOIN btwin.personalization_configs c ON c.id = p.config_id AND c.user_id = learner
        CROSS JOIN LATERAL (SELECT round((sum(m.weight * btwin._change_score(m.change)) / nullif(sum(m.weight) FILTER (WHERE m.change IS NOT NULL), 0))::numeric, 9)::float8 AS score
                            FROM (VALUES (0.4, p.retention), (0.3, p.performance), (0.2, p.completion), (0.1, p.engagement)) AS m (weight, change)) AS s
        WHERE s.score <> c.effectiveness_score OR s.score IS NOT NULL AND c.effectiveness_score IS NULL
    ), put AS (
        UPDATE btwin.personalization_configs c SET effectiveness_score = s.score, updated_at = stored_at
        FROM scored AS s WHERE c.id = s.id AND c.user_id = learner
    )
    INSERT INTO btwin.config_history (user_id, config_id, event_type, number, occurred_at, context, strategy_variant, previous_value, new_value, description)
    SELECT learner, s.id, 'EFFECTIVENESS_CHANGED',
           1 + coalesce((SELECT max(h.number) FROM btwin.config_history h WHERE h.user_id = learner AND h.config_id = s.id AND h.event_type = 'EFFECTIVENESS_CHANGED'), 0),
           stored_at, s.context, s.strategy_variant, CASE WHEN s.old BETWEEN 0 AND 100 THEN s.old END, s.score, btwin._phrase_of('config.effectiveness')
    FROM scored AS s;
    GET DIAGNOSTICS changed = ROW_COUNT;
    RETURN changed;
END
$score_configs$;
COMMENT ON FUNCTION btwin._score_configs(text, timestamptz) IS
'Internal: effectiveness_score of the learner''s configurations from what is stored of the four weeks before a moment: changes by data points, weighted as in btwin_api.personalization_effectiveness(); with an entry in btwin.config_history where it changed; how many did. A configuration without weeks keeps its score.';

CREATE FUNCTION btwin._analyze_personalization(learner text, moment timestamptz) RETURNS jsonb
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $analyze_personalization$
DECLARE
    adapted     integer := 0;
    measured    record;
BEGIN
    -- most learners have none
    IF NOT EXISTS (SELECT FROM btwin.personalization_configs c WHERE c.user_id = learner) THEN
        RETURN '{"configs_adapted": 0, "weeks_created": 0, "weeks_updated": 0, "scores_changed": 0}';
    END IF;
    adapted := btwin._adapt_configs(learner, moment);
    measured := btwin._measure_effectiveness(learner, moment);
    RETURN jsonb_build_object('configs_adapted', adapted, 'weeks_created', measured.created, 'weeks_updated', measured.updated,
                              'scores_changed', btwin._score_configs(learner, moment));
END
$analyze_personalization$;
COMMENT ON FUNCTION btwin._analyze_personalization(text, timestamptz) IS
'Internal: works a learner''s configurations of personalization out anew and stores what they changed. Answers {configs_adapted, weeks_created, weeks_updated, scores_changed}; writes nothing where nothing changed. Epic 5 domain model, 2.25 and 2.26.';
