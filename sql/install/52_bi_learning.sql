-- What the BI views show of habits, burnout, load, struggle, strategies and the
-- quality of predictions.

-- Learner and kind of habit

CREATE FUNCTION btwin._bi_learner_habit()
RETURNS TABLE (user_id text, kind text, scored_by text, has_habit boolean, bucket text, bucket_order integer,
               confidence double precision, effect double precision, n_sessions bigint, n_days bigint, reason text)
LANGUAGE plpgsql STABLE ROWS 40000
SET search_path = pg_catalog, pg_temp
SET row_security = off
SET jit = off
AS $bi_learner_habit$
#variable_conflict use_column
DECLARE
    as_of   timestamptz := btwin._bi_as_of();
BEGIN
    RETURN QUERY
    WITH state AS MATERIALIZED (
        -- where a score was reported, shares of right answers do not count, as for btwin.learner_pattern
        SELECT DISTINCT ON (s.user_id, k.kind) s.user_id, k.kind, s.pattern, s.n_rows,
               CASE WHEN s.family = k.kind THEN 'reported' ELSE 'answers' END AS scored_by
        FROM btwin.learner_states(ARRAY(SELECT l.user_id FROM btwin._bi_learners() l),
                                  '{hour,weekday,content,length,hour_answered,weekday_answered,length_answered}', as_of) AS s
        CROSS JOIN LATERAL (SELECT replace(s.family, '_answered', '')) AS k (kind)
        ORDER BY s.user_id, k.kind, s.family = k.kind DESC
    )
    SELECT s.user_id, s.kind, s.scored_by, h.window_start IS NOT NULL, to_char(h.window_start, 'FM00') || '-' || to_char(h.window_end, 'FM00'), h.window_start,
           h.confidence, h.shrunk_effect, coalesce(h.evidence_count, s.n_rows), h.days, h.reason
    FROM state s CROSS JOIN LATERAL btwin.best_window(s.pattern, 3) AS h
    WHERE s.kind = 'hour'
    UNION ALL
    SELECT s.user_id, s.kind, s.scored_by, h.bucket IS NOT NULL,
           CASE WHEN s.kind = 'weekday' THEN ('{Sunday,Monday,Tuesday,Wednesday,Thursday,Friday,Saturday}'::text[])[h.bucket::integer + 1] ELSE h.bucket END,
           CASE WHEN s.kind = 'weekday' THEN h.bucket::integer END,
           h.confidence, h.shrunk_effect, coalesce(h.evidence_count, s.n_rows), h.days, h.reason
    FROM state s CROSS JOIN LATERAL btwin.best_bucket(s.pattern) AS h
    WHERE s.kind IN ('weekday', 'content')
    UNION ALL
    SELECT s.user_id, s.kind, s.scored_by, h.limit_at IS NOT NULL, 'up to ' || m.minutes || ' minutes', m.minutes,
           h.confidence, h.effect, coalesce(h.evidence_count, s.n_rows), h.days, h.reason
    FROM state s CROSS JOIN LATERAL btwin.best_limit(s.pattern) AS h
    CROSS JOIN LATERAL (SELECT (round(h.limit_at / 10) * 10)::integer) AS m (minutes)
    WHERE s.kind = 'length';
END
$bi_learner_habit$;
COMMENT ON FUNCTION btwin._bi_learner_habit() IS
'Internal: rows of btwin.bi_learner_habit.';

-- Learner and day: burnout risk at the end of weeks. One state per learner
-- answers for all of them, since no row after a day is used.

CREATE FUNCTION btwin._bi_learner_burnout()
RETURNS TABLE (user_id text, day date, is_latest boolean, risk_score double precision, risk_low double precision, risk_high double precision,
               risk_level text, confidence double precision, n_evidence_days integer)
LANGUAGE plpgsql STABLE ROWS 100000
SET search_path = pg_catalog, pg_temp
SET row_security = off
SET jit = off
AS $bi_learner_burnout$
#variable_conflict use_column
DECLARE
    as_of       timestamptz := btwin._bi_as_of();
    -- the last day that is over wherever a learner may live
    last_day    date := (as_of AT TIME ZONE 'Etc/GMT+12')::date - 1;
    n_weeks     CONSTANT integer := 12;
    window_days integer := (SELECT f.window_days FROM btwin.store_family f WHERE f.family = 'burnout');
BEGIN
    RETURN QUERY
    WITH point AS (
        SELECT last_day AS day
        UNION
        SELECT date_trunc('week', last_day)::date - 1 - 7 * w FROM generate_series(0, n_weeks - 1) w
    ), plan AS MATERIALIZED (
        SELECT l.user_id, p.* FROM btwin._bi_learners() l
        CROSS JOIN LATERAL btwin._read_plan(l.user_id, as_of, window_days + 7 * (n_weeks + 1) + 3) AS p
    ), state AS MATERIALIZED (
        SELECT p.user_id, b.burnout
        FROM plan p
        CROSS JOIN LATERAL (
            SELECT btwin.rollup(s.burnout) AS burnout
            FROM (SELECT m.burnout FROM unnest(p.months) AS r
                  CROSS JOIN LATERAL (SELECT m.burnout FROM btwin.user_month m
                                      WHERE m.user_id = p.user_id AND m.family = 'burnout' AND m.month >= lower(r) AND m.month < upper(r) OFFSET 0) AS m
                  UNION ALL
                  SELECT d.burnout FROM unnest(p.days) AS r
                  CROSS JOIN LATERAL (SELECT d.burnout FROM btwin.user_day d
                                      WHERE d.user_id = p.user_id AND d.family = 'burnout' AND d.day >= lower(r) AND d.day < upper(r) OFFSET 0) AS d
                  UNION ALL
                  SELECT l.burnout FROM unnest(p.live) AS r
                  CROSS JOIN LATERAL btwin._day_states(p.user_id, '{burnout}', lower(r), upper(r) - 1, as_of, p.time_zone) AS l) AS s
        ) AS b
        WHERE b.burnout IS NOT NULL
    )
    SELECT s.user_id, r.day, r.day = last_day, r.score, r.low, r.high, r.level, btwin.confidence(s.burnout, r.day), r.evidence_days
    FROM state s
    -- all days in one go cost less than each of them asked for
    CROSS JOIN LATERAL btwin.risk_by_day(s.burnout, date_trunc('week', last_day)::date - 7 * n_weeks, last_day) AS r
    JOIN point t ON t.day = r.day
    WHERE r.score IS NOT NULL;
END
$bi_learner_burnout$;
COMMENT ON FUNCTION btwin._bi_learner_burnout() IS
'Internal: rows of btwin.bi_learner_burnout.';

-- Hour of the learner's clock

CREATE FUNCTION btwin._bi_load_hour()
RETURNS TABLE (hour integer, from_day date, to_day date, n_learners bigint, shared boolean, n_loads bigint, load_sum double precision, n_overloads bigint)
LANGUAGE plpgsql STABLE ROWS 24
SET search_path = pg_catalog, pg_temp
SET row_security = off
SET jit = off
AS $bi_load_hour$
#variable_conflict use_column
DECLARE
    as_of   timestamptz := btwin._bi_as_of();
    from_at timestamptz := as_of - least(btwin.bi_days(), 90) * interval '24 hours';
BEGIN
    RETURN QUERY
    SELECT h.hour, (from_at AT TIME ZONE 'UTC')::date, (as_of AT TIME ZONE 'UTC')::date, count(*), bool_and(h.shared), sum(h.n_loads)::bigint, sum(h.load_sum), sum(h.n_overloads)::bigint
    FROM (SELECT extract(hour FROM c.timestamp AT TIME ZONE l.time_zone)::integer AS hour, l.user_id, l.shared,
                 count(*) AS n_loads, sum(c.load_score) AS load_sum, count(*) FILTER (WHERE c.load_score >= 80) AS n_overloads
          FROM btwin.cognitive_load_metrics c JOIN btwin._bi_learners() l ON l.user_id = c.user_id
          WHERE c.timestamp >= from_at AND c.timestamp < as_of AND c.load_score BETWEEN 0 AND 100
          GROUP BY 1, l.user_id, l.shared) AS h
    GROUP BY h.hour
    HAVING count(*) >= btwin.min_cohort();
END
$bi_load_hour$;
COMMENT ON FUNCTION btwin._bi_load_hour() IS
'Internal: rows of btwin.bi_load_hour.';

-- Topic: courses of several learners are one topic where they bear one name

CREATE FUNCTION btwin._bi_struggle_topic()
RETURNS TABLE (topic_key text, topic text, from_day date, to_day date, n_learners bigint, shared boolean, n_predictions bigint, n_predicted bigint,
               probability_sum double precision, n_outcomes bigint, n_struggled bigint)
LANGUAGE plpgsql STABLE ROWS 100
SET search_path = pg_catalog, pg_temp
SET row_security = off
SET jit = off
AS $bi_struggle_topic$
#variable_conflict use_column
DECLARE
    as_of   timestamptz := btwin._bi_as_of();
    from_at timestamptz := as_of - least(btwin.bi_days(), 90) * interval '24 hours';
    k       integer := btwin.min_cohort();
BEGIN
    RETURN QUERY
    SELECT t.topic_key, t.topic, (from_at AT TIME ZONE 'UTC')::date, (as_of AT TIME ZONE 'UTC')::date, t.n_learners, t.shared, t.n_predictions, t.n_predicted, t.probability_sum,
           CASE WHEN t.with_outcome = 0 OR t.with_outcome >= k THEN t.n_outcomes END, CASE WHEN t.with_outcome = 0 OR t.with_outcome >= k THEN t.n_struggled END
    FROM (SELECT lower(btrim(c.name)) AS topic_key, mode() WITHIN GROUP (ORDER BY btrim(c.name) COLLATE "C") AS topic,
                 count(DISTINCT p.user_id) AS n_learners, bool_and(l.shared) AS shared, count(*) AS n_predictions,
                 count(*) FILTER (WHERE p.predicted_struggle_probability >= 0.5) AS n_predicted, sum(p.predicted_struggle_probability) AS probability_sum,
                 count(DISTINCT p.user_id) FILTER (WHERE o.known) AS with_outcome, count(*) FILTER (WHERE o.known) AS n_outcomes,
                 count(*) FILTER (WHERE o.known AND p.actual_outcome) AS n_struggled
          FROM btwin.struggle_predictions p
          JOIN btwin._bi_learners() l ON l.user_id = p.user_id
          CROSS JOIN LATERAL (SELECT p.actual_outcome IS NOT NULL AND p.actual_outcome_recorded_at < as_of) AS o (known)
          LEFT JOIN btwin.learning_objectives g ON g.id = p.learning_objective_id
          LEFT JOIN btwin.lectures v ON v.id = g.lecture_id
          JOIN btwin.courses c ON c.id = coalesce(p.topic_id, v.course_id)
          -- the date predicted for may lie ahead: what counts is when it was said
          WHERE p.predicted_at >= from_at AND p.predicted_at < as_of AND p.predicted_struggle_probability BETWEEN 0 AND 1
          GROUP BY 1
          HAVING count(DISTINCT p.user_id) >= k) AS t;
END
$bi_struggle_topic$;
COMMENT ON FUNCTION btwin._bi_struggle_topic() IS
'Internal: rows of btwin.bi_struggle_topic.';

-- Week and strategy

CREATE FUNCTION btwin._bi_strategy_performance()
RETURNS TABLE (day date, strategy text, n_learners bigint, shared boolean, n_outcomes bigint, n_performances bigint, performance_sum double precision,
               n_completions bigint, completion_sum double precision, n_engagements bigint, engagement_sum double precision)
LANGUAGE plpgsql STABLE ROWS 200
SET search_path = pg_catalog, pg_temp
SET row_security = off
SET jit = off
AS $bi_strategy_performance$
#variable_conflict use_column
DECLARE
    as_of   timestamptz := btwin._bi_as_of();
    from_at timestamptz := as_of - btwin.bi_days() * interval '24 hours';
    k       integer := btwin.min_cohort();
BEGIN
    RETURN QUERY
    SELECT s.day, s.strategy, s.n_learners, s.shared, s.n_outcomes,
           CASE WHEN s.p_learners = 0 OR s.p_learners >= k THEN s.n_p END, CASE WHEN s.p_learners = 0 OR s.p_learners >= k THEN s.sum_p END,
           CASE WHEN s.c_learners = 0 OR s.c_learners >= k THEN s.n_c END, CASE WHEN s.c_learners = 0 OR s.c_learners >= k THEN s.sum_c END,
           CASE WHEN s.e_learners = 0 OR s.e_learners >= k THEN s.n_e END, CASE WHEN s.e_learners = 0 OR s.e_learners >= k THEN s.sum_e END
    FROM (SELECT o.day, o.strategy, count(*) AS n_learners, bool_and(o.shared) AS shared, sum(o.n)::bigint AS n_outcomes,
                 count(*) FILTER (WHERE o.n_p > 0) AS p_learners, sum(o.n_p)::bigint AS n_p, coalesce(sum(o.sum_p), 0) AS sum_p,
                 count(*) FILTER (WHERE o.n_c > 0) AS c_learners, sum(o.n_c)::bigint AS n_c, coalesce(sum(o.sum_c), 0) AS sum_c,
                 count(*) FILTER (WHERE o.n_e > 0) AS e_learners, sum(o.n_e)::bigint AS n_e, coalesce(sum(o.sum_e), 0) AS sum_e
          FROM (SELECT date_trunc('week', w.timestamp AT TIME ZONE l.time_zone)::date AS day, w.strategy_variant AS strategy, l.user_id, l.shared, count(*) AS n,
                       count(v.performance) AS n_p, sum(v.performance) AS sum_p, count(v.completion) AS n_c, sum(v.completion) AS sum_c,
                       count(v.engagement) AS n_e, sum(v.engagement) AS sum_e
                FROM btwin.personalization_outcomes w JOIN btwin._bi_learners() l ON l.user_id = w.user_id
                CROSS JOIN LATERAL (SELECT CASE WHEN w.performance_score BETWEEN 0 AND 1 THEN w.performance_score END,
                                           CASE WHEN w.completion_rate BETWEEN 0 AND 1 THEN w.completion_rate END,
                                           CASE WHEN w.engagement_score BETWEEN 0 AND 1 THEN w.engagement_score END) AS v (performance, completion, engagement)
                WHERE w.timestamp >= from_at AND w.timestamp < as_of AND w.strategy_variant <> ''
                GROUP BY 1, 2, l.user_id, l.shared) AS o
          GROUP BY o.day, o.strategy
          HAVING count(*) >= k) AS s;
END
$bi_strategy_performance$;
COMMENT ON FUNCTION btwin._bi_strategy_performance() IS
'Internal: rows of btwin.bi_strategy_performance.';

-- Week: what predictions were worth, by the week their outcome became known

CREATE FUNCTION btwin._bi_model_quality()
RETURNS TABLE (day date, n_learners bigint, shared boolean, n_predictions bigint, n_struggled bigint, probability_sum double precision,
               n_true_positive bigint, n_false_positive bigint, n_false_negative bigint, n_true_negative bigint,
               brier double precision, log_loss double precision, auc double precision, ece double precision, ece_noise double precision,
               brier_constant double precision, log_loss_constant double precision)
LANGUAGE plpgsql STABLE ROWS 60
SET search_path = pg_catalog, pg_temp
SET row_security = off
SET jit = off
AS $bi_model_quality$
#variable_conflict use_column
DECLARE
    as_of   timestamptz := btwin._bi_as_of();
    from_at timestamptz := as_of - btwin.bi_days() * interval '24 hours';
BEGIN
    RETURN QUERY
    SELECT w.day, w.n_learners, w.shared, w.n, w.positives, w.sum_p, w.tp, w.fp, w.fn, w.tn, w.brier, w.log_loss, w.auc, btwin.ece(w.calibration), btwin.ece_noise(w.calibration),
           w.rate * (1 - w.rate), -(CASE WHEN w.rate > 0 THEN w.rate * ln(w.rate) ELSE 0 END + CASE WHEN w.rate < 1 THEN (1 - w.rate) * ln(1 - w.rate) ELSE 0 END)
    FROM (SELECT q.day, count(DISTINCT q.user_id) AS n_learners, bool_and(q.shared) AS shared, count(*) AS n, count(*) FILTER (WHERE q.y) AS positives, sum(q.p) AS sum_p,
                 count(*) FILTER (WHERE q.p >= 0.5 AND q.y) AS tp, count(*) FILTER (WHERE q.p >= 0.5 AND NOT q.y) AS fp,
                 count(*) FILTER (WHERE q.p < 0.5 AND q.y) AS fn, count(*) FILTER (WHERE q.p < 0.5 AND NOT q.y) AS tn,
                 btwin.brier_agg(q.p, q.y) AS brier, btwin.log_loss_agg(q.p, q.y) AS log_loss, btwin.auc_agg(q.p, q.y) AS auc,
                 btwin.calibration_agg(q.p, q.y) AS calibration, avg(q.y::integer)::float8 AS rate
          FROM (SELECT date_trunc('week', s.actual_outcome_recorded_at AT TIME ZONE l.time_zone)::date AS day, l.user_id, l.shared,
                       s.predicted_struggle_probability AS p, s.actual_outcome AS y
                FROM btwin.struggle_predictions s JOIN btwin._bi_learners() l ON l.user_id = s.user_id
                WHERE s.actual_outcome IS NOT NULL AND s.actual_outcome_recorded_at >= from_at AND s.actual_outcome_recorded_at < as_of
                  AND s.predicted_struggle_probability BETWEEN 0 AND 1) AS q
          GROUP BY q.day
          HAVING count(DISTINCT q.user_id) >= btwin.min_cohort()) AS w;
END
$bi_model_quality$;
COMMENT ON FUNCTION btwin._bi_model_quality() IS
'Internal: rows of btwin.bi_model_quality.';

INSERT INTO btwin.bi_view (view_name, position, layer, key_columns, grain, freshness, comment, query) VALUES
('learner_habit', 20, 'learner', '{user_id,kind}', 'one row per learner and kind of habit', 'btwin.refresh_bi(), hourly; opt-outs at once',
 'The habit of a learner, or that there is none, over the sessions of 182 days',
 'SELECT h.* FROM btwin._bi_learner_habit() AS h'),
('learner_burnout', 30, 'learner', '{user_id,day}', 'one row per learner and end of a week, 12 weeks and the last day', 'btwin.refresh_bi(), hourly; opt-outs at once',
 'Burnout risk of a learner at the ends of weeks',
 'SELECT b.* FROM btwin._bi_learner_burnout() AS b'),
('habit_distribution', 130, 'cohort', '{kind,bucket}', 'one row per kind of habit and what it is', 'btwin.refresh_bi(), hourly',
 'How many learners have which habit, over the sessions of 182 days; what fewer than btwin.min_cohort() learners have is added up as OTHER, with as many of the next smallest as that needs',
 $$SELECT c.kind, c.bucket, min(c.bucket_order) AS bucket_order, sum(c.n) AS n_learners, c.n_total AS n_learners_total, sum(c.n) / c.n_total AS learner_ratio,
        sum(c.confidences) / nullif(sum(c.n_confidences), 0) AS confidence_mean, bool_and(c.shared) AS shared
 FROM (SELECT r.kind, CASE WHEN r.some_small AND (r.n < r.k OR r.smaller < r.k) THEN 'OTHER' ELSE r.bucket END AS bucket,
              CASE WHEN r.some_small AND (r.n < r.k OR r.smaller < r.k) THEN NULL ELSE r.bucket_order END AS bucket_order,
              r.n, r.n_total, r.confidences, r.n_confidences, r.shared, r.k
       FROM (SELECT b.*, sum(b.n) OVER (PARTITION BY b.kind) AS n_total, bool_or(b.n < b.k) OVER (PARTITION BY b.kind) AS some_small,
                    coalesce(sum(b.n) OVER (PARTITION BY b.kind ORDER BY b.n, b.bucket COLLATE "C" ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS smaller
             FROM (SELECT h.kind, k.k, CASE WHEN h.has_habit THEN h.bucket WHEN h.reason = 'no_habit' THEN 'NONE' ELSE 'UNKNOWN' END AS bucket, min(h.bucket_order) AS bucket_order,
                          count(*) AS n, sum(h.confidence) FILTER (WHERE h.has_habit) AS confidences, count(h.confidence) FILTER (WHERE h.has_habit) AS n_confidences,
                          bool_and(l.shared) AS shared
                   FROM btwin.bi_learner_habit AS h JOIN btwin._bi_learners() AS l ON l.user_id = h.user_id CROSS JOIN (SELECT btwin.min_cohort()) AS k (k)
                   GROUP BY 1, 2, 3) AS b) AS r) AS c
 WHERE c.n_total >= c.k
 GROUP BY c.kind, c.bucket, c.n_total$$),
('struggle_topic', 140, 'cohort', '{topic_key}', 'one row per topic, courses of one name taken together', 'btwin.refresh_bi(), hourly',
 'Predicted and actual struggles by topic, over predictions of the last 90 days',
 $$SELECT t.*, t.n_predicted::float8 / t.n_predictions AS predicted_ratio, t.probability_sum / t.n_predictions AS probability_mean,
        btwin.struggle_level(least(t.probability_sum / t.n_predictions, 1)) AS struggle_level, t.n_struggled::float8 / nullif(t.n_outcomes, 0) AS struggle_ratio
 FROM btwin._bi_struggle_topic() AS t$$),
('burnout_distribution', 150, 'cohort', '{day,risk_level}', 'one row per end of a week and level', 'btwin.refresh_bi(), hourly',
 'How many learners are at which level of burnout risk, at the ends of 12 weeks and on the last day; levels of fewer than btwin.min_cohort() learners are added up as OTHER, with as many of the next smallest as that needs',
 $$SELECT c.day, c.risk_level, bool_and(c.is_latest) AS is_latest, sum(c.n) AS n_learners, c.n_total AS n_learners_total, sum(c.n) / c.n_total AS learner_ratio,
        sum(c.score_sum) AS risk_score_sum, sum(c.score_sum) / sum(c.n)::float8 AS risk_score_mean, bool_and(c.shared) AS shared
 FROM (SELECT r.day, CASE WHEN r.some_small AND (r.n < r.k OR r.smaller < r.k) THEN 'OTHER' ELSE r.risk_level END AS risk_level,
              r.is_latest, r.n, r.n_total, r.score_sum, r.shared, r.k
       FROM (SELECT b.*, sum(b.n) OVER (PARTITION BY b.day) AS n_total, bool_or(b.n < b.k) OVER (PARTITION BY b.day) AS some_small,
                    coalesce(sum(b.n) OVER (PARTITION BY b.day ORDER BY b.n, b.risk_level COLLATE "C" ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS smaller
             FROM (SELECT a.day, a.risk_level, a.is_latest, k.k, count(*) AS n, sum(a.risk_score) AS score_sum, bool_and(l.shared) AS shared
                   FROM btwin.bi_learner_burnout AS a JOIN btwin._bi_learners() AS l ON l.user_id = a.user_id CROSS JOIN (SELECT btwin.min_cohort()) AS k (k)
                   GROUP BY a.day, a.risk_level, a.is_latest, k.k) AS b) AS r) AS c
 WHERE c.n_total >= c.k
 GROUP BY c.day, c.risk_level, c.n_total$$),
('load_hour', 160, 'cohort', '{hour}', 'one row per hour of the learners'' clocks', 'btwin.refresh_bi(), hourly',
 'Cognitive load by hour, over the last 90 days',
 $$SELECT h.*, h.load_sum / h.n_loads AS load_mean, btwin._bi_level(h.load_sum / h.n_loads) AS load_level, h.n_overloads::float8 / h.n_loads AS overload_ratio
 FROM btwin._bi_load_hour() AS h$$),
('strategy_performance', 170, 'cohort', '{day,strategy}', 'one row per week and strategy', 'btwin.refresh_bi(), hourly',
 'Outcomes of personalization by week and strategy, over the last btwin.bi_days() days; figures of fewer than btwin.min_cohort() learners are NULL',
 $$SELECT s.*, s.performance_sum / nullif(s.n_performances, 0) AS performance_mean, s.completion_sum / nullif(s.n_completions, 0) AS completion_mean,
        s.engagement_sum / nullif(s.n_engagements, 0) AS engagement_mean
 FROM btwin._bi_strategy_performance() AS s$$),
('model_quality', 180, 'cohort', '{day}', 'one row per week', 'btwin.refresh_bi(), hourly',
 'What struggle predictions were worth, by the week their outcome was recorded, beside the best constant, that of knowing the rate of struggles of that very week',
 $$SELECT q.*, q.n_struggled::float8 / q.n_predictions AS struggle_ratio, q.probability_sum / q.n_predictions AS probability_mean,
        1 - q.brier / nullif(q.brier_constant, 0) AS brier_skill, 0.5 AS auc_constant
 FROM btwin._bi_model_quality() AS q$$);

INSERT INTO btwin.bi_column (view_name, position, column_name, data_type, unit, value_range, comment)
SELECT p.view_name, row_number() OVER (PARTITION BY p.view_name ORDER BY p.place), p.column_name, p.data_type, p.unit, p.value_range, p.comment
FROM (VALUES
('learner_habit', 1, 'user_id', 'text', 'none', 'users.id', 'Learner'),
('learner_habit', 2, 'kind', 'text', 'none', 'hour, weekday, content, length', 'Kind of habit: three hours of the learner''s clock, day of the week, kind of content, length of a session beyond which scores fall'),
('learner_habit', 3, 'scored_by', 'text', 'none', 'reported, answers', 'What a session is scored by: the reported score, or the share of answers that were not AGAIN'),
('learner_habit', 4, 'has_habit', 'boolean', 'none', 'true, false', 'There is a habit with a confidence of at least 0.8'),
('learner_habit', 5, 'bucket', 'text', 'none', '06-09, Monday, lecture, up to 40 minutes; NULL without a habit', 'What the habit is'),
('learner_habit', 6, 'bucket_order', 'integer', 'hour, weekday or minutes', 'hour 0 to 23, weekday 0 (Sunday) to 6, minutes to the nearest 10; NULL for content and without a habit', 'The bucket as a number, to sort by'),
('learner_habit', 7, 'confidence', 'double precision', 'probability', '0 to 1; NULL without evidence', 'Probability that the habit is real; for hours the expected share of the three that are'),
('learner_habit', 8, 'effect', 'double precision', 'score', '-1 to 1; NULL without a habit', 'How much better sessions score with it, shrunk by its evidence; for length how much worse beyond it'),
('learner_habit', 9, 'n_sessions', 'bigint', 'sessions', 'at least 1', 'Sessions behind it'),
('learner_habit', 10, 'n_days', 'bigint', 'days', 'at least 1; NULL without a habit', 'Days behind it'),
('learner_habit', 11, 'reason', 'text', 'none', 'no_habit, no_evidence, too_few_rows, one_bucket, no_variation; NULL beside a habit', 'Why there is none'),
('learner_burnout', 1, 'user_id', 'text', 'none', 'users.id', 'Learner'),
('learner_burnout', 2, 'day', 'date', 'day', 'the last 12 Sundays and the last day that is over everywhere', 'Day at whose end the risk stood'),
('learner_burnout', 3, 'is_latest', 'boolean', 'none', 'true, false', 'The day is the last one'),
('learner_burnout', 4, 'risk_score', 'double precision', 'points', '0 to 100', 'Burnout risk, from the 14 days up to the day against the 56 before'),
('learner_burnout', 5, 'risk_low', 'double precision', 'points', '0 to 100', 'Lower end of its 95 % interval'),
('learner_burnout', 6, 'risk_high', 'double precision', 'points', '0 to 100', 'Upper end of its 95 % interval'),
('learner_burnout', 7, 'risk_level', 'text', 'none', 'LOW, MEDIUM, HIGH, CRITICAL', 'Level: cuts at 25, 50, 75, with evidence'),
('learner_burnout', 8, 'confidence', 'double precision', 'share', '0 to 1', 'Share of the answer that is evidence'),
('learner_burnout', 9, 'n_evidence_days', 'integer', 'days', '1 to 14', 'Days of the 14 with rows'),
('habit_distribution', 1, 'kind', 'text', 'none', 'hour, weekday, content, length', 'Kind of habit'),
('habit_distribution', 2, 'bucket', 'text', 'none', '06-09, Monday, lecture, up to 40 minutes, NONE (no habit), UNKNOWN (too little known), OTHER (too few learners to show)', 'What the habit is'),
('habit_distribution', 3, 'bucket_order', 'integer', 'hour, weekday or minutes', 'as in learner_habit; NULL for content, NONE, UNKNOWN and OTHER', 'The bucket as a number, to sort by'),
('habit_distribution', 4, 'n_learners', 'bigint', 'learners', 'at least btwin.min_cohort()', 'Learners with it, numerator of learner_ratio'),
('habit_distribution', 5, 'n_learners_total', 'bigint', 'learners', 'at least n_learners', 'Learners with sessions that have a score, denominator of learner_ratio'),
('habit_distribution', 6, 'learner_ratio', 'double precision', 'ratio', '0 to 1', 'n_learners over n_learners_total'),
('habit_distribution', 7, 'confidence_mean', 'double precision', 'probability', '0.8 to 1; NULL without a habit', 'Mean confidence of those who have a habit'),
('habit_distribution', 8, 'shared', 'boolean', 'none', 'true, false', 'Every learner counted in the row shares anonymised patterns (users.share_anonymized_patterns)'),
('struggle_topic', 1, 'topic_key', 'text', 'none', 'lower case', 'Name of the topic without case and surrounding blanks'),
('struggle_topic', 2, 'topic', 'text', 'none', 'text', 'Name of the topic as most courses spell it'),
('struggle_topic', 3, 'from_day', 'date', 'day', 'at most to_day', 'First day of the time looked at (UTC)'),
('struggle_topic', 4, 'to_day', 'date', 'day', 'at least from_day', 'Last day of the time looked at (UTC)'),
('struggle_topic', 5, 'n_learners', 'bigint', 'learners', 'at least btwin.min_cohort()', 'Learners with predictions'),
('struggle_topic', 6, 'shared', 'boolean', 'none', 'true, false', 'Every learner counted in the row shares anonymised patterns (users.share_anonymized_patterns)'),
('struggle_topic', 7, 'n_predictions', 'bigint', 'predictions', 'at least 1', 'Predictions, denominator of predicted_ratio and probability_mean'),
('struggle_topic', 8, 'n_predicted', 'bigint', 'predictions', '0 to n_predictions', 'Of them with a probability of at least 0.5, numerator of predicted_ratio'),
('struggle_topic', 9, 'predicted_ratio', 'double precision', 'ratio', '0 to 1', 'n_predicted over n_predictions'),
('struggle_topic', 10, 'probability_sum', 'double precision', 'probability', '0 to n_predictions', 'Sum of the predicted probabilities, numerator of probability_mean'),
('struggle_topic', 11, 'probability_mean', 'double precision', 'probability', '0 to 1', 'probability_sum over n_predictions'),
('struggle_topic', 12, 'struggle_level', 'text', 'none', 'LOW, MEDIUM, HIGH', 'Level of probability_mean: cuts at 0.4 and 0.7'),
('struggle_topic', 13, 'n_outcomes', 'bigint', 'predictions', '0 to n_predictions; NULL of too few learners', 'Predictions whose outcome is known, denominator of struggle_ratio'),
('struggle_topic', 14, 'n_struggled', 'bigint', 'predictions', '0 to n_outcomes; NULL of too few learners', 'Of them with a struggle, numerator of struggle_ratio'),
('struggle_topic', 15, 'struggle_ratio', 'double precision', 'ratio', '0 to 1; NULL without outcomes or of too few learners', 'n_struggled over n_outcomes'),
('burnout_distribution', 1, 'day', 'date', 'day', 'the last 12 Sundays and the last day that is over everywhere', 'Day at whose end the risk stood'),
('burnout_distribution', 2, 'risk_level', 'text', 'none', 'LOW, MEDIUM, HIGH, CRITICAL, OTHER (levels of too few learners)', 'Level of the risk: cuts at 25, 50, 75, with evidence'),
('burnout_distribution', 3, 'is_latest', 'boolean', 'none', 'true, false', 'The day is the last one'),
('burnout_distribution', 4, 'n_learners', 'bigint', 'learners', 'at least btwin.min_cohort()', 'Learners at the level, numerator of learner_ratio, denominator of risk_score_mean'),
('burnout_distribution', 5, 'n_learners_total', 'bigint', 'learners', 'at least n_learners', 'Learners whose risk is known on the day, denominator of learner_ratio'),
('burnout_distribution', 6, 'learner_ratio', 'double precision', 'ratio', '0 to 1', 'n_learners over n_learners_total'),
('burnout_distribution', 7, 'risk_score_sum', 'double precision', 'points', 'at least 0', 'Sum of their risks, numerator of risk_score_mean'),
('burnout_distribution', 8, 'risk_score_mean', 'double precision', 'points', '0 to 100', 'risk_score_sum over n_learners'),
('burnout_distribution', 9, 'shared', 'boolean', 'none', 'true, false', 'Every learner counted in the row shares anonymised patterns (users.share_anonymized_patterns)'),
('load_hour', 1, 'hour', 'integer', 'hour', '0 to 23', 'Hour of the learner''s clock in which the load was measured'),
('load_hour', 2, 'from_day', 'date', 'day', 'at most to_day', 'First day of the time looked at (UTC)'),
('load_hour', 3, 'to_day', 'date', 'day', 'at least from_day', 'Last day of the time looked at (UTC)'),
('load_hour', 4, 'n_learners', 'bigint', 'learners', 'at least btwin.min_cohort()', 'Learners with measurements'),
('load_hour', 5, 'shared', 'boolean', 'none', 'true, false', 'Every learner counted in the row shares anonymised patterns (users.share_anonymized_patterns)'),
('load_hour', 6, 'n_loads', 'bigint', 'measurements', 'at least 1', 'Measurements of cognitive load, denominator of load_mean and overload_ratio'),
('load_hour', 7, 'load_sum', 'double precision', 'points', 'at least 0', 'Sum of the loads, numerator of load_mean'),
('load_hour', 8, 'load_mean', 'double precision', 'points', '0 to 100', 'load_sum over n_loads'),
('load_hour', 9, 'load_level', 'text', 'none', 'LOW, MODERATE, HIGH, CRITICAL', 'Level of load_mean: cuts at 40, 60, 80'),
('load_hour', 10, 'n_overloads', 'bigint', 'measurements', '0 to n_loads', 'Measurements of at least 80, numerator of overload_ratio'),
('load_hour', 11, 'overload_ratio', 'double precision', 'ratio', '0 to 1', 'n_overloads over n_loads'),
('strategy_performance', 1, 'day', 'date', 'day', 'Mondays of the last btwin.bi_days() days', 'Monday of the week, in the learner''s calendar'),
('strategy_performance', 2, 'strategy', 'text', 'none', 'names of strategies', 'Strategy, personalization_outcomes.strategy_variant'),
('strategy_performance', 3, 'n_learners', 'bigint', 'learners', 'at least btwin.min_cohort()', 'Learners with outcomes'),
('strategy_performance', 4, 'shared', 'boolean', 'none', 'true, false', 'Every learner counted in the row shares anonymised patterns (users.share_anonymized_patterns)'),
('strategy_performance', 5, 'n_outcomes', 'bigint', 'outcomes', 'at least 1', 'Outcomes'),
('strategy_performance', 6, 'n_performances', 'bigint', 'outcomes', '0 to n_outcomes; NULL of too few learners', 'Outcomes with a performance, denominator of performance_mean'),
('strategy_performance', 7, 'performance_sum', 'double precision', 'score', '0 to n_performances; NULL of too few learners', 'Sum of the performances, each 0 to 1, numerator of performance_mean'),
('strategy_performance', 8, 'performance_mean', 'double precision', 'score', '0 to 1; NULL without or of too few learners', 'performance_sum over n_performances'),
('strategy_performance', 9, 'n_completions', 'bigint', 'outcomes', '0 to n_outcomes; NULL of too few learners', 'Outcomes with a completion rate, denominator of completion_mean'),
('strategy_performance', 10, 'completion_sum', 'double precision', 'rate', '0 to n_completions; NULL of too few learners', 'Sum of the completion rates, each 0 to 1, numerator of completion_mean'),
('strategy_performance', 11, 'completion_mean', 'double precision', 'rate', '0 to 1; NULL without or of too few learners', 'completion_sum over n_completions'),
('strategy_performance', 12, 'n_engagements', 'bigint', 'outcomes', '0 to n_outcomes; NULL of too few learners', 'Outcomes with an engagement, denominator of engagement_mean'),
('strategy_performance', 13, 'engagement_sum', 'double precision', 'score', '0 to n_engagements; NULL of too few learners', 'Sum of the engagements, each 0 to 1, numerator of engagement_mean'),
('strategy_performance', 14, 'engagement_mean', 'double precision', 'score', '0 to 1; NULL without or of too few learners', 'engagement_sum over n_engagements'),
('model_quality', 1, 'day', 'date', 'day', 'Mondays of the last btwin.bi_days() days', 'Monday of the week in which the outcome was recorded, in the learner''s calendar'),
('model_quality', 2, 'n_learners', 'bigint', 'learners', 'at least btwin.min_cohort()', 'Learners with predictions'),
('model_quality', 3, 'shared', 'boolean', 'none', 'true, false', 'Every learner counted in the row shares anonymised patterns (users.share_anonymized_patterns)'),
('model_quality', 4, 'n_predictions', 'bigint', 'predictions', 'at least 1', 'Predictions with an outcome, denominator of struggle_ratio and probability_mean'),
('model_quality', 5, 'n_struggled', 'bigint', 'predictions', '0 to n_predictions', 'Of them with a struggle, numerator of struggle_ratio'),
('model_quality', 6, 'struggle_ratio', 'double precision', 'ratio', '0 to 1', 'n_struggled over n_predictions'),
('model_quality', 7, 'probability_sum', 'double precision', 'probability', '0 to n_predictions', 'Sum of the predicted probabilities, numerator of probability_mean'),
('model_quality', 8, 'probability_mean', 'double precision', 'probability', '0 to 1', 'probability_sum over n_predictions; beside struggle_ratio: calibration in the large'),
('model_quality', 9, 'n_true_positive', 'bigint', 'predictions', '0 to n_predictions', 'Predicted (probability of at least 0.5) and struggled'),
('model_quality', 10, 'n_false_positive', 'bigint', 'predictions', '0 to n_predictions', 'Predicted and not struggled'),
('model_quality', 11, 'n_false_negative', 'bigint', 'predictions', '0 to n_predictions', 'Not predicted and struggled'),
('model_quality', 12, 'n_true_negative', 'bigint', 'predictions', '0 to n_predictions', 'Not predicted and not struggled'),
('model_quality', 13, 'brier', 'double precision', 'squared probability', '0 to 1, 0 is perfect', 'Brier score: mean square of probability less outcome'),
('model_quality', 14, 'brier_constant', 'double precision', 'squared probability', '0 to 0.25', 'Brier score of the constant struggle_ratio'),
('model_quality', 15, 'brier_skill', 'double precision', 'share', 'at most 1; NULL where all outcomes are equal', 'Share of brier_constant that the predictions save; below 0 the constant is better'),
('model_quality', 16, 'log_loss', 'double precision', 'nats', 'at least 0, 0 is perfect', 'Mean negative log likelihood'),
('model_quality', 17, 'log_loss_constant', 'double precision', 'nats', '0 to 0.693', 'Log loss of the constant struggle_ratio'),
('model_quality', 18, 'auc', 'double precision', 'probability', '0 to 1; NULL where all outcomes are equal', 'Area under the ROC curve: share of pairs of a struggle and none that the probabilities put in order'),
('model_quality', 19, 'auc_constant', 'double precision', 'probability', '0.5', 'Area under the ROC curve of a constant'),
('model_quality', 20, 'ece', 'double precision', 'probability', '0 to 1, 0 is perfect', 'Expected calibration error over 10 bins'),
('model_quality', 21, 'ece_noise', 'double precision', 'probability', '0 to 1', 'What ece would be by chance for perfectly calibrated predictions')
) AS p (view_name, place, column_name, data_type, unit, value_range, comment);
