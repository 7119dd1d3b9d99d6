-- When the learner studies to effect, and whether habits and results go together.

CREATE FUNCTION btwin_api.study_time_heatmap(user_id text DEFAULT NULL, weeks integer DEFAULT 6, method_is text DEFAULT 'btwin', as_of timestamptz DEFAULT NULL)
RETURNS TABLE (day_of_week integer, hour_of_day integer, session_count integer, score float8, score_low float8, score_high float8,
               window_rank integer, window_start_hour integer, window_end_hour integer,
               confidence float8, evidence_count integer, method text, version text, computed_for timestamptz, reason text)
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 1000 ROWS 40
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan
AS $study_time_heatmap$
#variable_conflict use_column
DECLARE
    moment  timestamptz;
    learner text;
    from_at timestamptz;
    zone    text;
    is_old  boolean;
    checked boolean;
BEGIN
    checked := btwin._need('weeks', study_time_heatmap.weeks IS NOT NULL)
           AND btwin._check_between('weeks', study_time_heatmap.weeks, 1, 52)
           AND btwin._check_method(study_time_heatmap.method_is);
    moment := btwin._moment(study_time_heatmap.as_of);
    learner := btwin._caller(study_time_heatmap.user_id);
    is_old := study_time_heatmap.method_is = 'epic5';
    from_at := moment - study_time_heatmap.weeks * interval '168 hours';
    zone := btwin._zone(learner);
    RETURN QUERY
    WITH session AS (
        SELECT extract(dow FROM s.local_start)::integer AS day, extract(hour FROM s.local_start)::integer AS hour,
               CASE WHEN is_old THEN coalesce(nullif(s.done / s.planned, 0), 0.5) ELSE s.done / s.planned END AS rate
        FROM (SELECT w.started_at AT TIME ZONE zone AS local_start,
                     CASE WHEN jsonb_typeof(w.objective_completions) = 'array' THEN nullif(jsonb_array_length(w.objective_completions), 0) END AS planned,
                     jsonb_array_length(jsonb_path_query_array(w.objective_completions, 'lax $[*] ? (@.completedAt != null && @.completedAt != "")'))::float8 AS done
              FROM btwin.study_sessions_window(learner, from_at, moment) AS w
              -- midnight in UTC to the microsecond is a day, not a time
              WHERE w.completed_at <= moment AND (is_old OR w.started_at <> date_trunc('day', w.started_at, 'UTC'))
              OFFSET 0) AS s
    ), cell AS MATERIALIZED (
        -- the learner's own mean, as if one session more had been completed and one not; a cell starts with 10 sessions of it, and without a rate it has no share
        SELECT r.day, r.hour, r.sessions, r.rated, r.mean, CASE WHEN is_old THEN r.total / r.rated ELSE (r.total + 10 * r.mean) / (r.rated + 10) END AS share
        FROM (SELECT s.day, s.hour, count(*)::integer AS sessions, count(s.rate)::integer AS rated, sum(s.rate) AS total,
                     (sum(sum(s.rate)) OVER () + 1) / (sum(count(s.rate)) OVER () + 2)::float8 AS mean
              FROM session AS s GROUP BY s.day, s.hour OFFSET 0) AS r
    ), best AS (
        SELECT c.day, c.hour, c.share, c.hour - row_number() OVER (PARTITION BY c.day ORDER BY c.hour) AS run
        FROM (SELECT c.day, c.hour, c.share FROM cell AS c WHERE c.rated >= 3 ORDER BY c.share DESC, c.rated DESC, c.day, c.hour LIMIT 5) AS c
    ), ranked AS MATERIALIZED (
        SELECT b.day, min(b.hour) AS start_hour, max(b.hour) + 1 AS end_hour, row_number() OVER (ORDER BY avg(b.share) DESC, b.day, min(b.hour)) AS rank
        FROM best AS b GROUP BY b.day, b.run
    )
    SELECT c.day, c.hour, c.sessions, 100 * c.share, 100 * (i.middle - i.half), 100 * (i.middle + i.half),
           w.rank::integer, w.start_hour, w.end_hour,
           CASE WHEN is_old THEN btwin.epic5_count_confidence(c.rated)
                ELSE 1 - btwin.beta_cdf(c.mean, c.share * (c.rated + 10), (1 - c.share) * (c.rated + 10)) END,
           c.rated, study_time_heatmap.method_is, CASE WHEN is_old THEN 'epic5-1' ELSE 'heatmap-1' END, moment,
           CASE WHEN c.share IS NULL THEN 'not_measured' END
    FROM cell AS c
    -- Wilson's interval of the share, for so many sessions and those it starts with
    LEFT JOIN LATERAL (SELECT (c.share + z.z2 / (2 * z.n)) / (1 + z.z2 / z.n), sqrt(z.z2 * (c.share * (1 - c.share) + z.z2 / (4 * z.n)) / z.n) / (1 + z.z2 / z.n)
                       FROM (SELECT 1.959963984540054::float8 * 1.959963984540054, c.rated + 10) AS z (z2, n)) AS i (middle, half) ON NOT is_old
    LEFT JOIN ranked AS w ON w.day = c.day AND c.hour >= w.start_hour AND c.hour < w.end_hour AND w.rank <= 3
    ORDER BY c.day, c.hour;
END
$study_time_heatmap$;
COMMENT ON FUNCTION btwin_api.study_time_heatmap(text, integer, text, timestamptz) IS
'In which hours of the week a learner completes what was planned for a session.
Arguments: user_id; weeks 1 to 52 (6), blocks of 168 hours before as_of; method_is btwin or epic5; as_of.
One row for each weekday and hour in which a completed session started: day_of_week 0 (Sunday) to 6 and hour_of_day 0 to 23 of the learner''s clock; session_count; score 0 to 100, the share of a session''s objectives that were completed, with its 95 % interval score_low to score_high; window_rank 1 to 3 where the hour lies in one of the three best windows, else NULL; window_start_hour 0 to 23 and window_end_hour 1 to 24 (not included) of it; confidence 0 to 1; evidence_count, sessions with objectives; method, version, computed_for; reason not_measured where no session of the cell had objectives.
btwin: each cell starts with 10 sessions of the learner''s own mean, so a cell of few sessions says little; confidence = probability that it is better than that mean; sessions at midnight UTC to the microsecond have a day and no hour, and are left out. epic5: the plain mean, where 0 and a session without objectives count 50, no interval, confidence min(1, sessions/50).
Windows: the 5 best cells with 3 sessions or more, adjacent hours of a day taken together, ordered by their mean score.
Order: day_of_week, hour_of_day.
Errors: PT400 missing_argument, out_of_range, not_allowed_value, user_required, not_attached; PT403 no_claim, forbidden, analysis_disabled; PT404 unknown_learner.
Epic 5 domain model, 2.2 and 3.3. Reads study_sessions.';

CREATE FUNCTION btwin_api.behavioral_correlation(user_id text DEFAULT NULL, weeks integer DEFAULT 12, as_of timestamptz DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 2000
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan
AS $behavioral_correlation$
DECLARE
    -- a mission counts in the week of its completion, which lies near its date
    near    CONSTANT interval := '2160 hours';
    week    CONSTANT interval := '168 hours';
    moment  timestamptz;
    learner text;
    from_at timestamptz;
    starts  timestamptz[];
    zone    text;
    series  record;
    r       float8;
    p       float8;
    margin  float8;
    size    float8;
    sureness text;
    significant boolean;
    checked boolean;
BEGIN
    checked := btwin._need('weeks', behavioral_correlation.weeks IS NOT NULL)
           AND btwin._check_between('weeks', behavioral_correlation.weeks, 8, 52);
    moment := btwin._moment(behavioral_correlation.as_of);
    learner := btwin._caller(behavioral_correlation.user_id);
    from_at := moment - behavioral_correlation.weeks * week;
    starts := ARRAY(SELECT from_at + g.number * week FROM generate_series(0, behavioral_correlation.weeks - 1) AS g (number));
    zone := btwin._zone(learner);

    WITH studied AS (
        SELECT width_bucket(s.started_at, starts) AS number, count(DISTINCT (s.started_at AT TIME ZONE zone)::date) AS days
        FROM btwin.study_sessions_window(learner, from_at, moment) AS s
        WHERE s.completed_at <= moment GROUP BY 1
    ), reviewed AS (
        SELECT width_bucket(v.reviewed_at, starts) AS number, count(*) FILTER (WHERE v.rating IN ('GOOD', 'EASY')) / count(*)::float8 AS good
        FROM btwin.reviews_window(learner, from_at, moment) AS v GROUP BY 1
    ), found AS (
        SELECT width_bucket(t.first_detected_at, starts) AS number, avg(t.confidence) AS confidence
        FROM btwin._patterns_at(learner, moment) AS t WHERE t.first_detected_at >= from_at AND t.first_detected_at < moment GROUP BY 1
    ), concluded AS (
        SELECT width_bucket(i.created_at, starts) AS number,
               avg((i.applied AND NOT coalesce(i.acknowledged_at > moment, false))::integer)::float8 AS applied
        FROM btwin.behavioral_insights_window(learner, from_at, moment) AS i GROUP BY 1
    ), succeeded AS (
        SELECT width_bucket(m.completed_at, starts) AS number, count(*)::integer AS missions, 100 * avg(m.success_score) AS score
        FROM btwin.missions_window(learner, from_at - near, moment + near) AS m
        WHERE m.status = 'COMPLETED' AND m.completed_at >= from_at AND m.completed_at < moment AND m.success_score BETWEEN 0 AND 1
        GROUP BY 1
    ), scored AS (
        SELECT w.number, starts[w.number] AS start_at, a.missions, a.score AS academic,
               btwin.epic5_round(0.25 * least(100, 150 * coalesce(s.days, 0) / 7.0::float8)
                                 + 0.25 * coalesce(100 * f.confidence, 50)
                                 + 0.20 * CASE WHEN s.days IS NOT NULL THEN 100 ELSE 0 END
                                 + 0.15 * 100 * coalesce(c.applied, 0)
                                 + 0.15 * 100 * coalesce(v.good, 0)) AS behaviour,
               s.number IS NOT NULL OR v.number IS NOT NULL OR a.number IS NOT NULL AS is_active
        FROM generate_series(1, behavioral_correlation.weeks) AS w (number)
        LEFT JOIN succeeded AS a ON a.number = w.number
        LEFT JOIN studied AS s ON s.number = w.number
        LEFT JOIN reviewed AS v ON v.number = w.number
        LEFT JOIN found AS f ON f.number = w.number
        LEFT JOIN concluded AS c ON c.number = w.number
    ), paired AS (
        SELECT p.*, row_number() OVER (ORDER BY p.number DESC) AS back FROM scored AS p WHERE p.academic IS NOT NULL
    )
    -- added up in one order: the last digit hangs on it, and without being told each major chooses its own
    SELECT count(*)::integer AS n, corr(q.academic, q.behaviour ORDER BY q.number) AS r,
           max(q.behaviour) = min(q.behaviour) OR max(q.academic) - min(q.academic) < 1e-9 AS is_flat,
           avg(q.behaviour) FILTER (WHERE q.back <= 4) AS late_behaviour, avg(q.academic ORDER BY q.number) FILTER (WHERE q.back <= 4) AS late_academic,
           (SELECT count(*)::integer FROM scored AS d WHERE d.is_active) AS active_weeks,
           jsonb_agg(jsonb_build_object('week_number', q.number, 'week_start', q.start_at, 'behavioral_score', q.behaviour,
                                        'academic_score', q.academic, 'missions', q.missions) ORDER BY q.number) AS points
    INTO series
    FROM paired AS q;

    IF series.n < 10 THEN
        PERFORM btwin._refuse('PT422', 'insufficient_data', format('only %s weeks have a completed mission with a score', series.n),
                              'At least 10 weeks are needed; ask for more weeks, or later.');
    END IF;
    -- where nothing varies there is nothing to correlate; what rounding leaves is no variation
    r := CASE WHEN NOT series.is_flat THEN greatest(least(series.r, 1), -1) END;
    size := abs(r);
    -- Student's t of r with n - 2 degrees of freedom, as an incomplete beta function of 1 - r^2 = df / (df + t^2)
    p := btwin.beta_cdf(1 - r * r, (series.n - 2) / 2.0::float8, 0.5);
    -- Fisher's z; all points on a line leave no interval: infinity less the margin
    margin := 1.959963984540054 / sqrt(series.n - 3);
    significant := coalesce(p < 0.05, false);
    sureness := CASE WHEN size >= 0.7 THEN 'STRONG' WHEN size >= 0.4 THEN 'MODERATE' WHEN size >= 0.2 THEN 'WEAK' ELSE 'NEGLIGIBLE' END;

    RETURN jsonb_build_object(
        'correlation', btwin._score(r, tanh(atanh(r) - margin), tanh(atanh(r) + margin),
                                    CASE WHEN r IS NULL THEN 0 ELSE 1 - p / 2 END, series.n, 'btwin', 'correlation-1', moment,
                                    ARRAY['weekly score of study behaviour', 'weekly mean success of completed missions'], 'zero_variance'),
        'p_value', p,
        'n', series.n,
        'strength', CASE WHEN r IS NOT NULL THEN sureness END,
        'direction', CASE WHEN r > 0 THEN 'POSITIVE' WHEN r < 0 THEN 'NEGATIVE' ELSE 'NONE' END,
        'significant', significant,
        'series', series.points,
        'insights',
        to_jsonb(array_remove(ARRAY[
            'A correlation does not say what causes what.',
            CASE WHEN r IS NULL THEN 'One of the two scores did not vary, so nothing can be said of how they go together.'
                 WHEN significant THEN 'By chance alone a correlation like this one would be rare.'
                 ELSE 'A correlation like this one would often come about by chance.' END,
            CASE WHEN r IS NOT NULL THEN format('Over %s weeks study behaviour and success of missions go together %s.', series.n,
                                                CASE sureness WHEN 'STRONG' THEN 'strongly' WHEN 'MODERATE' THEN 'moderately' WHEN 'WEAK' THEN 'weakly' ELSE 'hardly or not' END)
                                         || CASE WHEN sureness <> 'NEGLIGIBLE' AND r < 0 THEN ' When one is high the other tends to be low.' ELSE '' END END,
            CASE WHEN series.late_behaviour > 70 AND series.late_academic > 70 THEN 'In the last four of these weeks both were high.'
                 WHEN series.late_behaviour < 50 AND series.late_academic < 50 THEN 'In the last four of these weeks both were low.' END], NULL)),
        'data_quality', jsonb_build_object('sample_size', series.n, 'weeks_of_data', series.active_weeks, 'missing_data_points', behavioral_correlation.weeks - series.n),
        'caveats', jsonb_build_array('Weeks that follow each other resemble each other (autocorrelation): the true p-value is larger, the interval wider.',
                                     'The success of a mission contains behaviour itself, as objectives completed and time kept: part of the correlation is built in.',
                                     'Nothing here was varied on purpose: what is common to both scores may be the cause of both.'));
END
$behavioral_correlation$;
COMMENT ON FUNCTION btwin_api.behavioral_correlation(text, integer, timestamptz) IS
'Whether the weeks in which a learner studies well are those in which missions succeed.
Arguments: user_id; weeks 8 to 52 (12), blocks of 168 hours that end at as_of, of which 10 must have a completed mission with a score; as_of.
Keys: correlation, a score -1 to 1 (Pearson; interval by Fisher''s z; confidence = probability of its sign, 1 - p/2; NULL with reason zero_variance where one of the two does not vary); p_value 0 to 1 (two-sided t test with n - 2 degrees of freedom); n weeks; strength STRONG from 0.7, MODERATE from 0.4, WEAK from 0.2, else NEGLIGIBLE, null without a correlation; direction POSITIVE, NEGATIVE or NONE; significant, p < 0.05; series [{week_number, week_start, behavioral_score 0 to 100, academic_score 0 to 100, missions}], weeks with a scored mission; insights in words; data_quality {sample_size; weeks_of_data, with a completed session, a review or a scored mission; missing_data_points}; caveats in words.
behavioral_score = round(0.25 min(100, 150 days with a completed session/7) + 0.25 (100 mean confidence of habits first detected in the week, 50 if none) + 0.20 (100 with a completed session, else 0) + 0.15 (100 applied/created insights, 0 if none) + 0.15 (100 good share of reviews, 0 if none)); academic_score = 100 mean success_score of missions completed in the week, whose date lies within 90 days of the weeks asked for.
Errors: PT422 insufficient_data below 10 weeks; PT400 missing_argument, out_of_range, user_required, not_attached; PT403 no_claim, forbidden, analysis_disabled; PT404 unknown_learner.
Epic 5 domain model, 2.31. Reads study_sessions, reviews, missions, behavioral_patterns, btwin.pattern_history, behavioral_insights.';
