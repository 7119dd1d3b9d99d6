-- What the BI views show of activity: the functions that work it out, and the
-- declarations.
-- Each reads through the adapter views as of btwin._bi_as_of(), learners who are
-- analysed and counted only, with row_security = off: a role that would see less
-- than all rows gets an error, not a smaller number.

CREATE FUNCTION btwin._bi_learners() RETURNS TABLE (user_id text, shared boolean, time_zone text, today date)
LANGUAGE plpgsql STABLE ROWS 10000
SET search_path = pg_catalog, pg_temp
SET row_security = off
AS $bi_learners$
DECLARE
    as_of timestamptz := btwin._bi_as_of();
BEGIN
    RETURN QUERY
    SELECT u.id, u.share_anonymized_patterns, z.zone, ((as_of - interval '1 microsecond') AT TIME ZONE z.zone)::date
    FROM btwin.users u
    LEFT JOIN btwin.learner l ON l.user_id = u.id
    CROSS JOIN btwin.attachment a
    CROSS JOIN LATERAL (SELECT coalesce(l.time_zone, a.default_time_zone)) AS z (zone)
    WHERE u.behavioral_analysis_enabled AND u.include_in_analytics;
END
$bi_learners$;
COMMENT ON FUNCTION btwin._bi_learners() IS
'Internal: the learners that BI may show, those who are analysed and counted, with their zone and the day it is there.';

CREATE FUNCTION btwin._bi_level(score double precision) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $bi_level$SELECT CASE WHEN score IS NOT NULL THEN btwin.load_level(least(greatest(score, 0), 100)) END$bi_level$;
COMMENT ON FUNCTION btwin._bi_level(double precision) IS
'Internal: level of a mean load, which rounding may have put beyond its range.';

-- Learner and day: the reviews of closed days come from the store, those of the
-- other days, and the smaller tables, from their rows.
CREATE FUNCTION btwin._bi_learner_day()
RETURNS TABLE (user_id text, day date, day_number integer, is_active boolean, n_sessions integer, study_minutes double precision,
               n_reviews bigint, n_recalled bigint, n_missions integer, n_missions_completed integer, n_missions_skipped integer,
               n_loads integer, load_sum double precision, n_scores integer, score_sum double precision)
LANGUAGE plpgsql STABLE ROWS 100000
SET search_path = pg_catalog, pg_temp
SET row_security = off
SET jit = off
AS $bi_learner_day$
#variable_conflict use_column
DECLARE
    as_of       timestamptz := btwin._bi_as_of();
    n_days      integer := btwin.bi_days();
    -- days are the learner's: two days more than all zones need
    from_at     timestamptz := as_of - (n_days + 2) * interval '24 hours';
    -- what an adopted table may hold beside moments
    earliest    CONSTANT timestamptz := '0001-01-02 00:00:00+00';
BEGIN
    RETURN QUERY
    WITH learner AS MATERIALIZED (
        SELECT l.user_id, l.time_zone, l.today - (n_days - 1) AS first_day, l.today, s.stored,
               datemultirange(daterange(l.today - (n_days - 1), l.today, '[]')) - s.stored AS live,
               (least((SELECT min(s.started_at) FROM btwin.study_sessions_window(l.user_id, earliest, as_of) s),
                      (SELECT min(r.reviewed_at) FROM btwin.reviews_window(l.user_id, earliest, as_of) r)) AT TIME ZONE l.time_zone)::date AS first_active
        FROM btwin._bi_learners() l
        LEFT JOIN btwin.user_mark m ON m.user_id = l.user_id AND m.time_zone = l.time_zone
        CROSS JOIN LATERAL (
            -- as for a reader: the last two days are live, and so are those noted
            SELECT CASE WHEN m.user_id IS NULL THEN '{}'
                        ELSE datemultirange(daterange(l.today - (n_days - 1), greatest(least(m.closed_through, l.today - 2), l.today - n_days), '[]'))
                             - btwin._noted_days(l.user_id) END
        ) AS s (stored)
    ), part AS (
        SELECT s.user_id, (s.started_at AT TIME ZONE l.time_zone)::date AS day, count(*) AS n_sessions,
               sum(CASE WHEN s.duration_ms BETWEEN 0 AND 86400000 THEN s.duration_ms END) / 60000.0 AS study_minutes,
               0::bigint AS n_reviews, 0::bigint AS n_recalled, 0::bigint AS n_missions, 0::bigint AS n_completed, 0::bigint AS n_skipped,
               0::bigint AS n_loads, 0::float8 AS load_sum, 0::bigint AS n_scores, 0::float8 AS score_sum
        FROM btwin.study_sessions s JOIN learner l ON l.user_id = s.user_id
        WHERE s.started_at >= from_at AND s.started_at < as_of
        GROUP BY 1, 2
        UNION ALL
        SELECT l.user_id, d.day, 0, 0, d.n_rows, d.total::bigint, 0, 0, 0, 0, 0, 0, 0
        FROM learner l CROSS JOIN LATERAL unnest(l.stored) AS r
        CROSS JOIN LATERAL (SELECT d.day, d.n_rows, d.total FROM btwin.user_day d
                            WHERE d.user_id = l.user_id AND d.family = 'forgetting' AND d.day >= lower(r) AND d.day < upper(r) OFFSET 0) AS d
        UNION ALL
        SELECT l.user_id, (w.reviewed_at AT TIME ZONE l.time_zone)::date, 0, 0, count(*), count(*) FILTER (WHERE w.rating <> 'AGAIN'), 0, 0, 0, 0, 0, 0, 0
        FROM learner l CROSS JOIN LATERAL unnest(l.live) AS r
        CROSS JOIN LATERAL btwin.reviews_window(l.user_id, btwin._day_start(lower(r), l.time_zone), least(btwin._day_start(upper(r), l.time_zone), as_of)) AS w
        GROUP BY 1, 2
        UNION ALL
        SELECT m.user_id, (m.date AT TIME ZONE l.time_zone)::date, 0, 0, 0, 0, count(*), count(*) FILTER (WHERE m.status = 'COMPLETED'),
               count(*) FILTER (WHERE m.status = 'SKIPPED'), 0, 0, 0, 0
        FROM btwin.missions m JOIN learner l ON l.user_id = m.user_id
        WHERE m.date >= from_at AND m.date < as_of
        GROUP BY 1, 2
        UNION ALL
        SELECT c.user_id, (c.timestamp AT TIME ZONE l.time_zone)::date, 0, 0, 0, 0, 0, 0, 0, count(*), sum(c.load_score), 0, 0
        FROM btwin.cognitive_load_metrics c JOIN learner l ON l.user_id = c.user_id
        WHERE c.timestamp >= from_at AND c.timestamp < as_of AND c.load_score BETWEEN 0 AND 100
        GROUP BY 1, 2
        UNION ALL
        SELECT e.user_id, (e.timestamp AT TIME ZONE l.time_zone)::date, 0, 0, 0, 0, 0, 0, 0, 0, 0, count(*), sum(e.session_performance_score / 100.0::float8)
        FROM btwin.behavioral_events e JOIN learner l ON l.user_id = e.user_id
        WHERE e.timestamp >= from_at AND e.timestamp < as_of AND e.event_type = 'SESSION_ENDED' AND e.session_performance_score BETWEEN 0 AND 100
        GROUP BY 1, 2
    )
    SELECT d.user_id, d.day, CASE WHEN d.day >= l.first_active THEN d.day - l.first_active END, d.n_sessions > 0 OR d.n_reviews > 0,
           d.n_sessions::integer, coalesce(d.study_minutes, 0)::float8, d.n_reviews::bigint, d.n_recalled::bigint,
           d.n_missions::integer, d.n_completed::integer, d.n_skipped::integer, d.n_loads::integer, d.load_sum, d.n_scores::integer, d.score_sum
    FROM (SELECT p.user_id, p.day, sum(p.n_sessions) AS n_sessions, sum(p.study_minutes) AS study_minutes, sum(p.n_reviews) AS n_reviews, sum(p.n_recalled) AS n_recalled,
                 sum(p.n_missions) AS n_missions, sum(p.n_completed) AS n_completed, sum(p.n_skipped) AS n_skipped,
                 sum(p.n_loads) AS n_loads, sum(p.load_sum) AS load_sum, sum(p.n_scores) AS n_scores, sum(p.score_sum) AS score_sum
          FROM part p GROUP BY p.user_id, p.day) AS d
    JOIN learner l ON l.user_id = d.user_id
    WHERE d.day BETWEEN l.first_day AND l.today;
END
$bi_learner_day$;
COMMENT ON FUNCTION btwin._bi_learner_day() IS
'Internal: rows of btwin.bi_learner_day.';

INSERT INTO btwin.bi_view (view_name, position, layer, key_columns, grain, freshness, comment, query) VALUES
('learner_day', 10, 'learner', '{user_id,day}', 'one row per learner and day of the learner''s calendar with anything on it', 'btwin.refresh_bi(), hourly; opt-outs at once',
 'What a learner did on a day, over the last btwin.bi_days() days',
 $$SELECT d.*, d.n_recalled::float8 / nullif(d.n_reviews, 0) AS recall_ratio, d.n_missions_completed::float8 / nullif(d.n_missions, 0) AS mission_completion_ratio,
        d.load_sum / nullif(d.n_loads, 0) AS load_mean, btwin._bi_level(d.load_sum / nullif(d.n_loads, 0)) AS load_level,
        d.score_sum / nullif(d.n_scores, 0) AS score_mean
 FROM btwin._bi_learner_day() AS d$$),
('daily_activity', 110, 'cohort', '{day}', 'one row per day (each learner''s own calendar) with enough active learners', 'btwin.refresh_bi(), hourly',
 'What learners did on a day, over the last btwin.bi_days() days; figures of fewer than btwin.min_cohort() learners are NULL',
 $$SELECT s.day, s.n_learners, s.shared,
        CASE WHEN s.sessions_ok THEN s.n_sessions END AS n_sessions, CASE WHEN s.sessions_ok THEN s.study_minutes END AS study_minutes,
        CASE WHEN s.sessions_ok THEN s.study_minutes / s.n_learners END AS minutes_per_learner,
        CASE WHEN s.reviews_ok THEN s.n_reviews END AS n_reviews, CASE WHEN s.reviews_ok THEN s.n_recalled END AS n_recalled,
        CASE WHEN s.reviews_ok THEN s.n_recalled::float8 / nullif(s.n_reviews, 0)::float8 END AS recall_ratio,
        CASE WHEN s.missions_ok THEN s.n_missions END AS n_missions, CASE WHEN s.missions_ok THEN s.n_completed END AS n_missions_completed,
        CASE WHEN s.missions_ok THEN s.n_skipped END AS n_missions_skipped, CASE WHEN s.missions_ok THEN s.n_completed::float8 / nullif(s.n_missions, 0) END AS mission_completion_ratio,
        CASE WHEN s.loads_ok THEN s.n_loads END AS n_loads, CASE WHEN s.loads_ok THEN s.load_sum END AS load_sum,
        CASE WHEN s.loads_ok THEN s.load_sum / nullif(s.n_loads, 0) END AS load_mean,
        CASE WHEN s.loads_ok THEN btwin._bi_level(s.load_sum / nullif(s.n_loads, 0)) END AS load_level,
        CASE WHEN s.scores_ok THEN s.n_scores END AS n_scores, CASE WHEN s.scores_ok THEN s.score_sum END AS score_sum,
        CASE WHEN s.scores_ok THEN s.score_sum / nullif(s.n_scores, 0) END AS score_mean
 FROM (SELECT d.day, k.k, count(*) FILTER (WHERE d.is_active) AS n_learners, bool_and(l.shared) AS shared,
              sum(d.n_sessions) AS n_sessions, sum(d.study_minutes) AS study_minutes, sum(d.n_reviews) AS n_reviews, sum(d.n_recalled) AS n_recalled,
              sum(d.n_missions) AS n_missions, sum(d.n_missions_completed) AS n_completed, sum(d.n_missions_skipped) AS n_skipped,
              sum(d.n_loads) AS n_loads, sum(d.load_sum) AS load_sum, sum(d.n_scores) AS n_scores, sum(d.score_sum) AS score_sum,
              -- a figure is of those who have one
              count(*) FILTER (WHERE d.n_sessions > 0) = 0 OR count(*) FILTER (WHERE d.n_sessions > 0) >= k.k AS sessions_ok,
              count(*) FILTER (WHERE d.n_reviews > 0) = 0 OR count(*) FILTER (WHERE d.n_reviews > 0) >= k.k AS reviews_ok,
              count(*) FILTER (WHERE d.n_missions > 0) = 0 OR count(*) FILTER (WHERE d.n_missions > 0) >= k.k AS missions_ok,
              count(*) FILTER (WHERE d.n_loads > 0) = 0 OR count(*) FILTER (WHERE d.n_loads > 0) >= k.k AS loads_ok,
              count(*) FILTER (WHERE d.n_scores > 0) = 0 OR count(*) FILTER (WHERE d.n_scores > 0) >= k.k AS scores_ok
       FROM btwin.bi_learner_day AS d JOIN btwin._bi_learners() AS l ON l.user_id = d.user_id CROSS JOIN (SELECT btwin.min_cohort()) AS k (k)
       GROUP BY d.day, k.k) AS s
 WHERE s.n_learners >= s.k$$),
('calendar', 100, 'dimension', '{day}', 'one row per day', 'btwin.refresh_bi(), hourly',
 'Days to join the other views with, so that days without a row show, up to today (UTC) over the last btwin.bi_days() days',
 $$SELECT d.day, date_trunc('week', d.day)::date AS week, date_trunc('month', d.day)::date AS month, extract(year FROM d.day) AS year,
        extract(dow FROM d.day) AS weekday, ('{Sunday,Monday,Tuesday,Wednesday,Thursday,Friday,Saturday}'::text[])[extract(dow FROM d.day)::integer + 1] AS weekday_name,
        extract(dow FROM d.day) IN (0, 6) AS is_weekend, b.today - d.day AS n_days_ago
 FROM (SELECT (btwin._bi_as_of() AT TIME ZONE 'UTC')::date) AS b (today)
 CROSS JOIN LATERAL (SELECT b.today - g FROM generate_series(0, btwin.bi_days() - 1) AS g) AS d (day)$$),
('cohort_retention', 120, 'cohort', '{cohort_week,week_number}', 'one row per week in which learners were first active, and week since', 'btwin.refresh_bi(), hourly',
 'Of the learners who were first active in a week, how many were active in each week since; a number is NULL where it, or the rest of the cohort, is above 0 and below btwin.min_cohort()',
 $$SELECT c.cohort_week, w.n AS week_number, c.cohort_week + 7 * w.n AS day, c.cohort_week + 7 * w.n + 7 <= b.over AS is_complete, c.n_learners,
        CASE WHEN v.ok THEN coalesce(a.n_active, 0) END AS n_active, CASE WHEN v.ok THEN coalesce(a.n_active, 0)::float8 / c.n_learners END AS retention_ratio, c.shared
 FROM (SELECT btwin.min_cohort(), (btwin._bi_as_of() AT TIME ZONE 'Etc/GMT+12')::date,
              date_trunc('week', btwin._bi_as_of() AT TIME ZONE 'UTC')::date, (btwin._bi_as_of() AT TIME ZONE 'UTC')::date - btwin.bi_days()) AS b (k, over, this_week, first_day)
 CROSS JOIN LATERAL (SELECT date_trunc('week', d.day)::date AS cohort_week, count(*) AS n_learners, bool_and(l.shared) AS shared
                     FROM btwin.bi_learner_day AS d JOIN btwin._bi_learners() AS l ON l.user_id = d.user_id
                     WHERE d.day_number = 0
                     -- a week of which only the end is known would be a smaller cohort
                     GROUP BY 1 HAVING count(*) >= b.k AND date_trunc('week', d.day)::date > b.first_day + 1) AS c
 CROSS JOIN LATERAL generate_series(0, (b.this_week - c.cohort_week) / 7) AS w (n)
 LEFT JOIN (SELECT date_trunc('week', d.day - d.day_number)::date AS cohort_week, (date_trunc('week', d.day)::date - date_trunc('week', d.day - d.day_number)::date) / 7 AS week_number,
                   count(DISTINCT d.user_id) AS n_active
            FROM btwin.bi_learner_day AS d JOIN btwin._bi_learners() AS l ON l.user_id = d.user_id
            WHERE d.is_active AND d.day_number >= 0
            GROUP BY 1, 2) AS a ON a.cohort_week = c.cohort_week AND a.week_number = w.n
 CROSS JOIN LATERAL (SELECT (coalesce(a.n_active, 0) = 0 OR a.n_active >= b.k) AND (coalesce(a.n_active, 0) = c.n_learners OR c.n_learners - coalesce(a.n_active, 0) >= b.k)) AS v (ok)$$);

INSERT INTO btwin.bi_column (view_name, position, column_name, data_type, unit, value_range, comment)
SELECT p.view_name, row_number() OVER (PARTITION BY p.view_name ORDER BY p.place), p.column_name, p.data_type, p.unit, p.value_range, p.comment
FROM (VALUES
('learner_day', 1, 'user_id', 'text', 'none', 'users.id', 'Learner'),
('learner_day', 2, 'day', 'date', 'day', 'the last btwin.bi_days() days', 'Day of the learner''s calendar, in the zone of btwin.learner'),
('learner_day', 3, 'day_number', 'integer', 'days', 'at least 0; NULL before the first active day', 'Days since the learner was first active, whenever that was'),
('learner_day', 4, 'is_active', 'boolean', 'none', 'true, false', 'The learner studied or answered'),
('learner_day', 5, 'n_sessions', 'integer', 'sessions', 'at least 0', 'Study sessions that began on the day'),
('learner_day', 6, 'study_minutes', 'double precision', 'minutes', 'at least 0', 'Their length; those of unknown length count 0'),
('learner_day', 7, 'n_reviews', 'bigint', 'reviews', 'at least 0', 'Reviews of cards, denominator of recall_ratio'),
('learner_day', 8, 'n_recalled', 'bigint', 'reviews', '0 to n_reviews', 'Reviews not rated AGAIN, numerator of recall_ratio'),
('learner_day', 9, 'recall_ratio', 'double precision', 'ratio', '0 to 1; NULL without reviews', 'n_recalled over n_reviews'),
('learner_day', 10, 'n_missions', 'integer', 'missions', 'at least 0', 'Missions planned for the day, denominator of mission_completion_ratio'),
('learner_day', 11, 'n_missions_completed', 'integer', 'missions', '0 to n_missions', 'Of them completed, numerator of mission_completion_ratio'),
('learner_day', 12, 'n_missions_skipped', 'integer', 'missions', '0 to n_missions', 'Of them skipped'),
('learner_day', 13, 'mission_completion_ratio', 'double precision', 'ratio', '0 to 1; NULL without missions', 'n_missions_completed over n_missions'),
('learner_day', 14, 'n_loads', 'integer', 'measurements', 'at least 0', 'Measurements of cognitive load, denominator of load_mean'),
('learner_day', 15, 'load_sum', 'double precision', 'points', 'at least 0', 'Sum of the loads, numerator of load_mean'),
('learner_day', 16, 'load_mean', 'double precision', 'points', '0 to 100; NULL without measurements', 'load_sum over n_loads'),
('learner_day', 17, 'load_level', 'text', 'none', 'LOW, MODERATE, HIGH, CRITICAL; NULL without measurements', 'Level of load_mean: cuts at 40, 60, 80'),
('learner_day', 18, 'n_scores', 'integer', 'scores', 'at least 0', 'Performance scores reported by ends of sessions, denominator of score_mean'),
('learner_day', 19, 'score_sum', 'double precision', 'score', 'at least 0', 'Sum of the scores, each 0 to 1, numerator of score_mean'),
('learner_day', 20, 'score_mean', 'double precision', 'score', '0 to 1; NULL without scores', 'score_sum over n_scores'),
('daily_activity', 1, 'day', 'date', 'day', 'the last btwin.bi_days() days', 'Day of the learners'' calendars'),
('daily_activity', 2, 'n_learners', 'bigint', 'learners', 'at least btwin.min_cohort()', 'Learners who studied or answered on the day, denominator of minutes_per_learner'),
('daily_activity', 3, 'shared', 'boolean', 'none', 'true, false', 'Every learner counted in the row shares anonymised patterns (users.share_anonymized_patterns)'),
('daily_activity', 4, 'n_sessions', 'bigint', 'sessions', 'at least 0; NULL of too few learners', 'Study sessions that began on the day'),
('daily_activity', 5, 'study_minutes', 'double precision', 'minutes', 'at least 0; NULL of too few learners', 'Their length, numerator of minutes_per_learner; those of unknown length count 0'),
('daily_activity', 6, 'minutes_per_learner', 'double precision', 'minutes', 'at least 0; NULL of too few learners', 'study_minutes over n_learners'),
('daily_activity', 7, 'n_reviews', 'bigint', 'reviews', 'at least 0; NULL of too few learners', 'Reviews of cards, denominator of recall_ratio'),
('daily_activity', 8, 'n_recalled', 'bigint', 'reviews', '0 to n_reviews; NULL of too few learners', 'Reviews not rated AGAIN, numerator of recall_ratio'),
('daily_activity', 9, 'recall_ratio', 'double precision', 'ratio', '0 to 1; NULL without reviews or of too few learners', 'n_recalled over n_reviews'),
('daily_activity', 10, 'n_missions', 'bigint', 'missions', 'at least 0; NULL of too few learners', 'Missions planned for the day, also of learners who did not study, denominator of mission_completion_ratio'),
('daily_activity', 11, 'n_missions_completed', 'bigint', 'missions', '0 to n_missions; NULL of too few learners', 'Of them completed, numerator of mission_completion_ratio'),
('daily_activity', 12, 'n_missions_skipped', 'bigint', 'missions', '0 to n_missions; NULL of too few learners', 'Of them skipped'),
('daily_activity', 13, 'mission_completion_ratio', 'double precision', 'ratio', '0 to 1; NULL without missions or of too few learners', 'n_missions_completed over n_missions'),
('daily_activity', 14, 'n_loads', 'bigint', 'measurements', 'at least 0; NULL of too few learners', 'Measurements of cognitive load, denominator of load_mean'),
('daily_activity', 15, 'load_sum', 'double precision', 'points', 'at least 0; NULL of too few learners', 'Sum of the loads, numerator of load_mean'),
('daily_activity', 16, 'load_mean', 'double precision', 'points', '0 to 100; NULL without measurements or of too few learners', 'load_sum over n_loads'),
('daily_activity', 17, 'load_level', 'text', 'none', 'LOW, MODERATE, HIGH, CRITICAL; NULL as load_mean', 'Level of load_mean: cuts at 40, 60, 80'),
('daily_activity', 18, 'n_scores', 'bigint', 'scores', 'at least 0; NULL of too few learners', 'Performance scores reported by ends of sessions, denominator of score_mean'),
('daily_activity', 19, 'score_sum', 'double precision', 'score', 'at least 0; NULL of too few learners', 'Sum of the scores, each 0 to 1, numerator of score_mean'),
('daily_activity', 20, 'score_mean', 'double precision', 'score', '0 to 1; NULL without scores or of too few learners', 'score_sum over n_scores'),
('calendar', 1, 'day', 'date', 'day', 'the last btwin.bi_days() days', 'Day'),
('calendar', 2, 'week', 'date', 'day', 'Mondays', 'Monday of its week'),
('calendar', 3, 'month', 'date', 'day', 'firsts of months', 'First day of its month'),
('calendar', 4, 'year', 'integer', 'year', 'at least 1', 'Year'),
('calendar', 5, 'weekday', 'integer', 'weekday', '0 (Sunday) to 6', 'Day of the week as a number'),
('calendar', 6, 'weekday_name', 'text', 'none', 'Sunday to Saturday', 'Day of the week'),
('calendar', 7, 'is_weekend', 'boolean', 'none', 'true, false', 'Saturday or Sunday'),
('calendar', 8, 'n_days_ago', 'integer', 'days', '0 to btwin.bi_days() - 1', 'Days from it to today (UTC)'),
('cohort_retention', 1, 'cohort_week', 'date', 'day', 'Mondays of the last btwin.bi_days() days', 'Monday of the week, in the learner''s calendar, in which the learners were first active'),
('cohort_retention', 2, 'week_number', 'integer', 'weeks', 'at least 0', 'Weeks since that week'),
('cohort_retention', 3, 'day', 'date', 'day', 'Mondays', 'Monday of the week looked at'),
('cohort_retention', 4, 'is_complete', 'boolean', 'none', 'true, false', 'The week looked at is over everywhere'),
('cohort_retention', 5, 'n_learners', 'bigint', 'learners', 'at least btwin.min_cohort()', 'Learners first active in cohort_week, denominator of retention_ratio'),
('cohort_retention', 6, 'n_active', 'bigint', 'learners', '0 to n_learners; NULL where it or the rest is too few', 'Of them active in the week looked at, numerator of retention_ratio'),
('cohort_retention', 7, 'retention_ratio', 'double precision', 'ratio', '0 to 1; NULL as n_active', 'n_active over n_learners'),
('cohort_retention', 8, 'shared', 'boolean', 'none', 'true, false', 'Every learner counted in the row shares anonymised patterns (users.share_anonymized_patterns)')
) AS p (view_name, place, column_name, data_type, unit, value_range, comment);
