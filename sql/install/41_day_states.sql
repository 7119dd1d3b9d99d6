-- What a day of a learner says, family by family, worked out from the tables of
-- the application. The state of a day depends on rows of that day alone, and on
-- rows that belong to its sessions and lie within a day of it: so a changed row
-- changes at most the five days around it (the day in UTC, two either way).
--
-- Refresh stores these states, readers work them out for days that are not
-- stored. Both call btwin._day_states, so both say the same.

CREATE FUNCTION btwin.stored_struggle_vector(features jsonb) RETURNS float8[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $stored_struggle_vector$
-- a numeric so small that no float8 holds it is 0
SELECT array_agg(CASE WHEN jsonb_typeof(v.value) = 'number' AND (v.value)::numeric BETWEEN 0 AND 1 THEN round((v.value)::numeric, 100)::float8 END ORDER BY f.place)
FROM unnest('{retention_score,retention_decline_rate,review_lapse_rate,session_performance_score,validation_score,prerequisite_gap_count,prerequisite_mastery_gap,content_complexity,complexity_mismatch,historical_struggle_score,content_type_mismatch,cognitive_load_indicator,days_until_exam,days_since_last_study,workload_level}'::text[],
            '{retentionScore,retentionDeclineRate,reviewLapseRate,sessionPerformanceScore,validationScore,prerequisiteGapCount,prerequisiteMasteryGap,contentComplexity,complexityMismatch,historicalStruggleScore,contentTypeMismatch,cognitiveLoadIndicator,daysUntilExam,daysSinceLastStudy,workloadLevel}'::text[])
     WITH ORDINALITY AS f (snake, camel, place)
CROSS JOIN LATERAL (SELECT coalesce(features -> f.snake, features -> f.camel)) AS v (value)
$stored_struggle_vector$;
COMMENT ON FUNCTION btwin.stored_struggle_vector(jsonb) IS
'The 15 features of a stored feature vector, keys in snake_case or camelCase (Epic 5 domain model, 1.5 and 2.11), in the order of struggle_features(). What is missing, no number or outside 0 to 1 is NULL, unknown.';

-- Where clocks go back over midnight (Atlantic/Azores, America/Havana) the day
-- begins twice: it has begun at the first time. Not STRICT, so that it is inlined.
CREATE FUNCTION btwin._day_start(day date, time_zone text) RETURNS timestamptz
LANGUAGE sql STABLE PARALLEL SAFE
AS $day_start$
SELECT (day::pg_catalog.timestamp AT TIME ZONE time_zone) OPERATOR(pg_catalog.-)
       CASE WHEN (((day::pg_catalog.timestamp AT TIME ZONE time_zone) OPERATOR(pg_catalog.-) interval '1 hour') AT TIME ZONE time_zone) OPERATOR(pg_catalog.=) day::pg_catalog.timestamp
            THEN interval '1 hour' ELSE interval '0' END
$day_start$;
COMMENT ON FUNCTION btwin._day_start(date, text) IS
'Internal: the moment a day begins in a time zone.';

CREATE FUNCTION btwin._day_states(user_id text, families text[], from_day date, to_day date, as_of timestamptz, time_zone text)
RETURNS TABLE (family text, day date, n_rows bigint, total float8, pattern btwin.pattern, forgetting btwin.forgetting, struggle btwin.logit_step,
               load btwin.load_baseline, burnout btwin.burnout, bandit btwin.bandit)
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 300
SET search_path = pg_catalog, pg_temp
-- the same plans for a day and for a whole history: index scans of one learner's
-- rows, hashed together
SET plan_cache_mode = force_generic_plan
SET enable_nestloop = off
SET jit = off
AS $day_states$
#variable_conflict use_column
DECLARE
    learner     text := _day_states.user_id;
    zone        text := _day_states.time_zone;
    wanted      text[] := _day_states.families;
    -- an adopted table may hold moments that are none, infinite or of a slip of
    -- the pen: states count the days of the years 1 to 9999
    earliest    CONSTANT timestamptz := '0001-01-02 00:00:00+00';
    latest      CONSTANT timestamptz := '9999-12-30 00:00:00+00';
    -- bytes of a name in a state
    longest     CONSTANT integer := 255;
    -- rows of the days themselves, up to the moment asked for
    from_at     timestamptz := greatest(btwin._day_start(_day_states.from_day, zone), earliest);
    to_at       timestamptz := least(btwin._day_start(_day_states.to_day + 1, zone), _day_states.as_of, latest);
    -- rows of their sessions
    joined_from timestamptz := greatest(btwin._day_start(_day_states.from_day - 1, zone), earliest);
    joined_to   timestamptz := least(btwin._day_start(_day_states.to_day + 2, zone), _day_states.as_of, latest);
    -- predictions whose outcome may have come in these days
    early       timestamptz;
    late        timestamptz;
BEGIN
    IF wanted && '{hour,weekday,content,length,hour_answered,weekday_answered,length_answered}' THEN
        RETURN QUERY
        WITH plain AS (
            SELECT s.id, s.started_at, s.started_at AT TIME ZONE zone AS local_start, s.duration_ms
            FROM btwin.study_sessions_window(learner, from_at, to_at) AS s
        ), reported AS (
            -- an event may have been sent twice
            SELECT p.id, max(e.content_type) FILTER (WHERE octet_length(e.content_type) BETWEEN 1 AND longest) AS content_type,
                   max(e.session_performance_score) FILTER (WHERE e.session_performance_score BETWEEN 0 AND 100) / 100.0::float8 AS score
            FROM plain AS p
            JOIN btwin.behavioral_events_window(learner, joined_from, joined_to) AS e
                 ON e.event_type = 'SESSION_ENDED' AND e.event_data ->> 'sessionId' = p.id
                AND e.timestamp >= btwin._day_start(p.local_start::date - 1, zone) AND e.timestamp < btwin._day_start(p.local_start::date + 2, zone)
            GROUP BY p.id
        ), answered AS (
            SELECT p.id, avg((r.rating <> 'AGAIN')::int)::float8 AS score
            FROM plain AS p
            JOIN btwin.reviews_window(learner, joined_from, joined_to) AS r
                 ON r.session_id = p.id
                AND r.reviewed_at >= btwin._day_start(p.local_start::date - 1, zone) AND r.reviewed_at < btwin._day_start(p.local_start::date + 2, zone)
            GROUP BY p.id
        ), session AS MATERIALIZED (
            SELECT p.local_start::date AS day,
                   -- midnight in UTC to the microsecond is a day, not a time
                   CASE WHEN p.started_at <> date_trunc('day', p.started_at, 'UTC') THEN extract(hour FROM p.local_start)::int END AS hour,
                   extract(dow FROM p.local_start)::int AS weekday, reported.content_type,
                   CASE WHEN p.duration_ms BETWEEN 0 AND 86400000 THEN round(p.duration_ms / 60000.0)::int END AS minutes,
                   coalesce(reported.score, answered.score) AS score, reported.score IS NOT NULL AS is_reported
            FROM plain AS p LEFT JOIN reported ON reported.id = p.id LEFT JOIN answered ON answered.id = p.id
            WHERE coalesce(reported.score, answered.score) IS NOT NULL
            ORDER BY p.started_at, p.id
        ), known AS (
            SELECT s.day, count(*) AS n_rows, sum(s.score) AS total, s.is_reported,
                   btwin.pattern_agg(s.hour, s.score, s.day) AS hours, btwin.pattern_agg(s.weekday, s.score, s.day) AS weekdays,
                   btwin.pattern_agg(s.content_type, s.score, s.day) AS contents, btwin.pattern_agg(s.minutes, s.score, s.day) AS lengths
            FROM session AS s GROUP BY s.day, s.is_reported
        )
        SELECT v.family, k.day, k.n_rows, k.total, v.pattern,
               NULL::btwin.forgetting, NULL::btwin.logit_step, NULL::btwin.load_baseline, NULL::btwin.burnout, NULL::btwin.bandit
        FROM known AS k
        CROSS JOIN LATERAL (VALUES ('hour', true, k.hours), ('weekday', true, k.weekdays), ('content', true, k.contents), ('length', true, k.lengths),
                                   ('hour_answered', false, k.hours), ('weekday_answered', false, k.weekdays), ('length_answered', false, k.lengths))
             AS v (family, of_reported, pattern)
        WHERE v.of_reported = k.is_reported AND v.family = ANY (wanted);
    END IF;

    IF 'forgetting' = ANY (wanted) THEN
        RETURN QUERY
        SELECT 'forgetting', r.day, count(*), sum(r.recalled::int)::float8, NULL::btwin.pattern,
               btwin.forgetting_agg(r.card_id, r.reviewed_at, r.recalled), NULL::btwin.logit_step, NULL::btwin.load_baseline, NULL::btwin.burnout, NULL::btwin.bandit
        FROM (SELECT w.card_id, w.reviewed_at, w.rating <> 'AGAIN' AS recalled, (w.reviewed_at AT TIME ZONE zone)::date AS day
              FROM btwin.reviews_window(learner, from_at, to_at) AS w
              WHERE octet_length(w.card_id) BETWEEN 1 AND longest) AS r
        GROUP BY r.day;
    END IF;

    IF 'struggle' = ANY (wanted) THEN
        early := from_at - interval '2880 hours';
        late := to_at + interval '2880 hours';
        RETURN QUERY
        SELECT 'struggle', p.day, count(*), sum(p.struggled::int)::float8, NULL::btwin.pattern, NULL::btwin.forgetting,
               btwin.logit_step_agg(btwin.struggle_model(), p.struggled, p.x), NULL::btwin.load_baseline, NULL::btwin.burnout, NULL::btwin.bandit
        FROM (SELECT w.actual_outcome AS struggled, btwin.stored_struggle_vector(w.feature_vector) AS x, (w.actual_outcome_recorded_at AT TIME ZONE zone)::date AS day
              FROM btwin.struggle_predictions_window(learner, early, late) AS w
              WHERE w.actual_outcome IS NOT NULL AND w.feature_vector IS NOT NULL
                AND w.actual_outcome_recorded_at >= from_at AND w.actual_outcome_recorded_at < to_at
                AND w.prediction_date >= w.actual_outcome_recorded_at - interval '2880 hours'
                AND w.prediction_date < w.actual_outcome_recorded_at + interval '2880 hours'
              ORDER BY w.actual_outcome_recorded_at, w.id) AS p
        GROUP BY p.day;
    END IF;

    IF 'load' = ANY (wanted) THEN
        RETURN QUERY
        SELECT 'load', s.day, count(*), sum(s.minutes), NULL::btwin.pattern, NULL::btwin.forgetting, NULL::btwin.logit_step,
               btwin.rollup(btwin.baseline(s.answers, s.minutes)), NULL::btwin.burnout, NULL::btwin.bandit
        FROM (SELECT p.id, p.day, CASE WHEN p.duration_ms BETWEEN 0 AND 86400000 THEN p.duration_ms / 60000.0::float8 END AS minutes,
                     btwin.cognitive_load_agg(r.reviewed_at, r.time_spent_ms, r.rating <> 'AGAIN') AS answers
              FROM (SELECT w.id, w.duration_ms, (w.started_at AT TIME ZONE zone)::date AS day
                    FROM btwin.study_sessions_window(learner, from_at, to_at) AS w) AS p
              JOIN btwin.reviews_window(learner, joined_from, joined_to) AS r
                   ON r.session_id = p.id AND coalesce(r.time_spent_ms, 0) >= 0
                  AND r.reviewed_at >= btwin._day_start(p.day - 1, zone) AND r.reviewed_at < btwin._day_start(p.day + 2, zone)
              GROUP BY p.id, p.day, p.duration_ms) AS s
        GROUP BY s.day;
    END IF;

    IF 'burnout' = ANY (wanted) THEN
        RETURN QUERY
        SELECT 'burnout', f.day, count(*), sum(f.study_ms) / 60000.0, NULL::btwin.pattern, NULL::btwin.forgetting, NULL::btwin.logit_step, NULL::btwin.load_baseline,
               btwin.burnout_agg(f.day, f.study_ms, f.load, f.retention, f.planned, f.skipped, f.performance, f.in_progress, NULL, f.untimed), NULL::btwin.bandit
        FROM (SELECT (u.at AT TIME ZONE zone)::date AS day, u.*
              FROM (SELECT s.started_at AS at, 1 AS source, s.id, CASE WHEN s.duration_ms BETWEEN 0 AND 90000000 THEN s.duration_ms END::float8 AS study_ms, NULL::float8 AS load,
                           NULL::float8 AS retention, NULL::int AS planned, NULL::int AS skipped, NULL::float8 AS performance, NULL::int AS in_progress,
                           CASE WHEN s.duration_ms BETWEEN 0 AND 90000000 THEN NULL ELSE 1 END AS untimed
                    FROM btwin.study_sessions_window(learner, from_at, to_at) AS s
                    UNION ALL
                    SELECT c.timestamp, 2, c.id, NULL, CASE WHEN c.load_score BETWEEN 0 AND 100 THEN c.load_score END, NULL, NULL, NULL, NULL, NULL, NULL
                    FROM btwin.cognitive_load_metrics_window(learner, from_at, to_at) AS c
                    UNION ALL
                    SELECT r.reviewed_at, 3, r.id, NULL, NULL, (r.rating <> 'AGAIN')::int, NULL, NULL, NULL, NULL, NULL
                    FROM btwin.reviews_window(learner, from_at, to_at) AS r
                    UNION ALL
                    SELECT m.date, 4, m.id, NULL, NULL, NULL, 1, (m.status = 'SKIPPED')::int, NULL, (m.status = 'IN_PROGRESS')::int, NULL
                    FROM btwin.missions_window(learner, from_at, to_at) AS m
                    UNION ALL
                    SELECT e.timestamp, 5, e.id, NULL, NULL, NULL, NULL, NULL,
                           CASE WHEN e.session_performance_score BETWEEN 0 AND 100 THEN e.session_performance_score END / 100.0, NULL, NULL
                    FROM btwin.behavioral_events_window(learner, from_at, to_at) AS e
                    WHERE e.event_type = 'SESSION_ENDED') AS u
              ORDER BY u.at, u.source, u.id) AS f
        GROUP BY f.day;
    END IF;

    IF 'bandit' = ANY (wanted) THEN
        RETURN QUERY
        SELECT 'bandit', o.day, count(*), sum(o.reward), NULL::btwin.pattern, NULL::btwin.forgetting, NULL::btwin.logit_step, NULL::btwin.load_baseline, NULL::btwin.burnout,
               btwin.bandit_agg(o.arm, o.reward)
        FROM (SELECT w.strategy_variant AS arm, w.performance_score AS reward, (w.timestamp AT TIME ZONE zone)::date AS day
              FROM btwin.personalization_outcomes_window(learner, from_at, to_at) AS w
              WHERE octet_length(w.strategy_variant) BETWEEN 1 AND longest AND w.performance_score BETWEEN 0 AND 1
              ORDER BY w.timestamp, w.id) AS o
        GROUP BY o.day;
    END IF;
END
$day_states$;
COMMENT ON FUNCTION btwin._day_states(text, text[], date, date, timestamptz, text) IS
'Internal: the states of some families for the days of a learner from the tables of the application; a row for each day that has rows. as_of: rows at or after this moment do not count. Rows of a session that the application wrote more than a day away from it are not of it, and rows with a moment outside 0001-01-02 to 9999-12-29 (UTC) are in no state, nor cards, content types and variants without a name or with one of more than 255 bytes. A session of a negative length or of more than 25 hours, the longest day, has a length that nobody knows to burnout.';
