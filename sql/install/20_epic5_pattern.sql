-- epic5 rules of habits: the reference's arithmetic, for comparison
--
-- Every body runs under a pinned search_path, so its operators are the
-- server's own whatever the caller's path is. NULL where the reference would
-- give something that is not a number.

CREATE FUNCTION btwin.epic5_pattern_check_elements(elements float8[], low float8, high float8, argument text) RETURNS boolean
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    element float8;
BEGIN
    IF array_ndims(elements) > 1 THEN
        RAISE EXCEPTION '"%" must be a one-dimensional array', argument
            USING ERRCODE = 'array_subscript_error',
                  DETAIL = format('Found %s dimensions.', array_ndims(elements)),
                  HINT = 'Pass a plain list of values.';
    END IF;
    SELECT e INTO element FROM unnest(elements) e WHERE e < low OR e > high LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'elements of "%" must be between % and %', argument, low, high
            USING ERRCODE = 'numeric_value_out_of_range',
                  DETAIL = format('Found %s.', element),
                  HINT = 'Pass NULL where a value is unknown.';
    END IF;
    RETURN true;
END $$;
COMMENT ON FUNCTION btwin.epic5_pattern_check_elements(float8[], float8, float8, text) IS
'True, or error 22003 when an element lies outside low to high or is NaN, 2202E for more than one dimension; NULLs pass. Used by the epic5 rules.';

CREATE FUNCTION btwin.epic5_pattern_check_lengths(first_argument text, first_length int, other_argument text, other_length int) RETURNS boolean
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF first_length IS DISTINCT FROM other_length THEN
        RAISE EXCEPTION '"%" and "%" must have the same number of elements', other_argument, first_argument
            USING ERRCODE = 'invalid_parameter_value',
                  DETAIL = format('"%s" has %s, "%s" has %s.', other_argument, coalesce(other_length::text, 'none'), first_argument, coalesce(first_length::text, 'none')),
                  HINT = 'Pass one element of each per observation.';
    END IF;
    RETURN true;
END $$;
COMMENT ON FUNCTION btwin.epic5_pattern_check_lengths(text, int, text, int) IS
'True, or error 22023 when two arrays that run in parallel differ in length. Used by the epic5 rules.';

CREATE FUNCTION btwin.epic5_round(value float8, decimals int DEFAULT 0) RETURNS float8
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    scale CONSTANT float8 := 10.0 ^ decimals;
    scaled CONSTANT float8 := value * scale;
BEGIN
    RETURN (floor(scaled) + CASE WHEN scaled - floor(scaled) >= 0.5 THEN 1 ELSE 0 END) / scale;
END $$;
COMMENT ON FUNCTION btwin.epic5_round(float8, int) IS
'Round half up (toward plus infinity) to so many decimals, as the reference''s runtime does: 2.5 gives 3, -2.5 gives -2. Epic 5 domain model, 0.';

-- 1.7 primitives

CREATE FUNCTION btwin.epic5_retention_score(stability_after float8[]) RETURNS float8
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM btwin.epic5_pattern_check_elements(stability_after, 0, 1e9, 'stability_after');
    RETURN coalesce((SELECT avg(least(1.0, s / 10.0)) FROM unnest(stability_after) s), 0);
END $$;
COMMENT ON FUNCTION btwin.epic5_retention_score(float8[]) IS
'Mean over reviews of min(1, stability after the answer in days / 10), 0 to 1; 0 without reviews. Error 22003 for a negative stability. Epic 5 domain model, 1.7.';

CREATE FUNCTION btwin.epic5_weakness_score(retention float8, total_study_ms float8, complexity text,
    failed_reviews bigint, reviews bigint, confidence_rating float8 DEFAULT NULL) RETURNS float8
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    minutes float8 := CASE complexity WHEN 'BASIC' THEN 20 WHEN 'INTERMEDIATE' THEN 40 WHEN 'ADVANCED' THEN 60 END;
BEGIN
    PERFORM btwin.check_range(retention, 0, 1, 'retention'),
            btwin.check_range(total_study_ms, 0, 1e15, 'total_study_ms'),
            btwin.check_range(confidence_rating, 0, 5, 'confidence_rating'),
            btwin.check_range(reviews::float8, 0, 1e15, 'reviews'),
            btwin.check_range(failed_reviews::float8, 0, reviews::float8, 'failed_reviews');
    IF minutes IS NULL AND complexity IS NOT NULL THEN
        RAISE EXCEPTION 'unknown complexity "%"', complexity
            USING ERRCODE = 'invalid_parameter_value',
                  DETAIL = 'Argument "complexity" takes one of a fixed list of names.',
                  HINT = 'Use one of "BASIC", "INTERMEDIATE", "ADVANCED".';
    END IF;
    RETURN least(1.0, greatest(0.0,
        0.4 * (1 - retention)
        + 0.3 * least(1.0, total_study_ms / (minutes * 60000))
        + 0.2 * CASE WHEN reviews > 0 THEN failed_reviews / reviews::float8 ELSE 0 END
        + 0.1 * coalesce(1 - confidence_rating / 5, 0.5)))
        -- least() and greatest() pass over NULL, an unknown part is not a score
        + 0 * (retention + total_study_ms + minutes + failed_reviews + reviews);
END $$;
COMMENT ON FUNCTION btwin.epic5_weakness_score(float8, float8, text, bigint, bigint, float8) IS
'clamp(0.4 (1 - retention) + 0.3 min(1, study time / T) + 0.2 failed (AGAIN or HARD) / reviews + 0.1 c, 0, 1); T = 20, 40, 60 minutes for BASIC, INTERMEDIATE, ADVANCED; c = 0.5, or 1 - confidence_rating / 5; the failure term is 0 without reviews. NULL when an argument but the rating is NULL. Errors: 22003 for a number out of range, 22023 for an unknown complexity. Epic 5 domain model, 1.7.';

CREATE FUNCTION btwin.epic5_weakness_after_session(weakness float8, self_assessment float8) RETURNS float8
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM btwin.check_range(weakness, 0, 1, 'weakness'),
            btwin.check_range(self_assessment, 0, 5, 'self_assessment');
    RETURN least(1.0, greatest(0.0, weakness +
        CASE WHEN self_assessment >= 4 THEN -0.1 WHEN self_assessment <= 2 THEN 0.1 ELSE 0 END));
END $$;
COMMENT ON FUNCTION btwin.epic5_weakness_after_session(float8, float8) IS
'Weakness score (0 to 1) after a session: 0.1 less from a self-assessment of 4 on, 0.1 more up to 2, clamped. Error 22003 for a number out of range. Epic 5 domain model, 1.7.';

CREATE FUNCTION btwin.epic5_mastery_level(retention float8, reviews bigint) RETURNS text
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM btwin.check_range(retention, 0, 1, 'retention'),
            btwin.check_range(reviews::float8, 0, 1e15, 'reviews');
    RETURN CASE
        WHEN reviews = 0 THEN 'NOT_STARTED'
        WHEN retention >= 0.9 AND reviews >= 10 THEN 'MASTERED'
        WHEN retention >= 0.7 AND retention < 0.9 AND reviews >= 5 THEN 'ADVANCED'
        WHEN retention >= 0.5 AND retention < 0.7 AND reviews >= 3 THEN 'INTERMEDIATE'
        ELSE 'BEGINNER' END;
END $$;
COMMENT ON FUNCTION btwin.epic5_mastery_level(float8, bigint) IS
'NOT_STARTED without reviews; MASTERED from retention 0.9 with 10 reviews; ADVANCED within [0.7, 0.9) with 5; INTERMEDIATE within [0.5, 0.7) with 3; else BEGINNER (also from 0.9 with fewer than 10 reviews). Error 22003 for a number out of range. Epic 5 domain model, 1.7.';

CREATE FUNCTION btwin.epic5_success_score(completed boolean, completed_objectives bigint, total_objectives bigint,
    session_good_shares float8[], actual_minutes float8, estimated_minutes float8,
    helpfulness float8[], streak_days bigint) RETURNS float8
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM btwin.check_range(total_objectives::float8, 0, 1e15, 'total_objectives'),
            btwin.check_range(completed_objectives::float8, 0, total_objectives::float8, 'completed_objectives'),
            btwin.epic5_pattern_check_elements(session_good_shares, 0, 1, 'session_good_shares'),
            btwin.check_range(actual_minutes, 0, 1e9, 'actual_minutes'),
            btwin.check_range(estimated_minutes, 0, 1e9, 'estimated_minutes'),
            btwin.epic5_pattern_check_elements(helpfulness, 0, 5, 'helpfulness'),
            btwin.check_range(streak_days::float8, 0, 1e9, 'streak_days');
    IF completed IS NOT TRUE THEN
        RETURN CASE WHEN completed THEN NULL WHEN NOT completed THEN 0.0 END;
    END IF;
    RETURN least(1.0, greatest(0.0,
        0.3 * coalesce(completed_objectives / nullif(total_objectives, 0)::float8, 0)
        + 0.25 * coalesce((SELECT avg(coalesce(s, 0)) FROM unnest(session_good_shares) s), 0)
        -- an inner NULL would be passed over by greatest()
        + 0.2 * CASE WHEN estimated_minutes > 0 AND actual_minutes IS NOT NULL
                THEN greatest(0.0, 1 - abs(actual_minutes - estimated_minutes) / estimated_minutes) ELSE 1 END
        + 0.15 * coalesce((SELECT avg(h) FROM unnest(helpfulness) h) / 5, 0.5)
        + 0.1 * least(0.2, 0.02 * coalesce(streak_days, 0))));
END $$;
COMMENT ON FUNCTION btwin.epic5_success_score(boolean, bigint, bigint, float8[], float8, float8, float8[], bigint) IS
'Success of a mission, 0 to 0.92; 0 when not completed, NULL when that is unknown: 0.3 completed / total objectives + 0.25 mean good share over sessions (NULL = a session without reviews, counted 0; no session: 0) + 0.2 max(0, 1 - |actual - estimated| / estimated) (1 where a time is unknown or the estimate 0) + 0.15 mean helpfulness / 5 (0.5 without ratings) + 0.1 min(0.2, 0.02 streak). Error 22003 for a number out of range. Epic 5 domain model, 1.7.';

CREATE FUNCTION btwin.epic5_success_band(success_score float8) RETURNS int
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM btwin.check_range(success_score, 0, 1, 'success_score');
    RETURN CASE WHEN success_score >= 0.9 THEN 4 WHEN success_score >= 0.75 THEN 3
                WHEN success_score >= 0.6 THEN 2 WHEN success_score >= 0.4 THEN 1 ELSE 0 END;
END $$;
COMMENT ON FUNCTION btwin.epic5_success_band(float8) IS
'Rating band of a mission''s success score: 4 from 0.9, 3 from 0.75, 2 from 0.6, 1 from 0.4, else 0. Error 22003 outside 0 to 1. Epic 5 domain model, 1.7.';

-- 2.1 pattern engine

CREATE FUNCTION btwin.epic5_sufficiency(first_session_at timestamptz, completed_sessions bigint, reviews bigint, as_of timestamptz,
    OUT sufficient boolean, OUT weeks int, OUT weeks_needed int, OUT sessions_needed int, OUT reviews_needed int)
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM btwin.check_range(completed_sessions::float8, 0, 1e15, 'completed_sessions'),
            btwin.check_range(reviews::float8, 0, 1e15, 'reviews');
    weeks := greatest(coalesce(floor(extract(epoch FROM as_of - first_session_at) / (7 * 86400)), 0), 0);
    weeks_needed := greatest(0, 6 - weeks);
    sessions_needed := greatest(0, 20 - coalesce(completed_sessions, 0));
    reviews_needed := greatest(0, 50 - coalesce(reviews, 0));
    sufficient := weeks_needed = 0 AND sessions_needed = 0 AND reviews_needed = 0;
END $$;
COMMENT ON FUNCTION btwin.epic5_sufficiency(timestamptz, bigint, bigint, timestamptz) IS
'Is there enough history to look for patterns: 6 whole weeks since the first session started, 20 completed sessions, 50 reviews (NULL counts as none), and how many of each are missing. Error 22003 for a negative count. Epic 5 domain model, 2.1.';

CREATE FUNCTION btwin.epic5_incremental_due(sessions_since_analysis bigint) RETURNS boolean
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN sessions_since_analysis >= 10;
COMMENT ON FUNCTION btwin.epic5_incremental_due(bigint) IS
'An incremental run needs 10 sessions started since the last analysis. Epic 5 domain model, 2.1.';

CREATE FUNCTION btwin.epic5_count_confidence(evidence_count bigint) RETURNS float8
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM btwin.check_range(evidence_count::float8, 0, 1e15, 'evidence_count');
    RETURN least(1.0, evidence_count / 50.0::float8);
END $$;
COMMENT ON FUNCTION btwin.epic5_count_confidence(bigint) IS
'min(1, n / 50): the reference''s confidence in study hours (n sessions in the hour), session lengths (n valid sessions) and forgetting curves (n reviews). It says how much was seen, not whether the habit exists. Error 22003 for a negative count. Epic 5 domain model, 2.1.';

CREATE FUNCTION btwin.epic5_content_confidence(share float8) RETURNS float8
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM btwin.check_range(share, 0, 1, 'share');
    RETURN CASE WHEN share > 0.3 THEN least(1.0, 1.5 * share) END;
END $$;
COMMENT ON FUNCTION btwin.epic5_content_confidence(float8) IS
'Confidence of a content preference from the largest share: min(1, 1.5 share) above 0.3, NULL (no pattern) up to it. Error 22003 outside 0 to 1. Epic 5 domain model, 2.1.';

CREATE FUNCTION btwin.epic5_pattern_saved(confidence float8) RETURNS boolean
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN confidence >= 0.6;
COMMENT ON FUNCTION btwin.epic5_pattern_saved(float8) IS
'Is a candidate pattern stored: confidence of at least 0.6. Epic 5 domain model, 2.1.';

CREATE FUNCTION btwin.epic5_pattern_gives_insight(confidence float8) RETURNS boolean
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN confidence >= 0.7;
COMMENT ON FUNCTION btwin.epic5_pattern_gives_insight(float8) IS
'Does a stored pattern give rise to an insight: confidence of at least 0.7. Epic 5 domain model, 2.1.';

CREATE FUNCTION btwin.epic5_confidence_evolution(confidence float8, misses int, seen boolean,
    OUT new_confidence float8, OUT new_misses int, OUT deleted boolean)
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM btwin.check_range(confidence, 0, 1, 'confidence'),
            btwin.check_range(misses::float8, 0, 1e9, 'misses');
    IF seen THEN
        new_confidence := least(0.95, confidence + 0.05);
        new_misses := misses;
        deleted := false;
        RETURN;
    END IF;
    new_misses := misses + 1;
    new_confidence := greatest(0.0, confidence - 0.1);
    deleted := new_misses >= 3 OR new_confidence < 0.4;
END $$;
COMMENT ON FUNCTION btwin.epic5_confidence_evolution(float8, int, boolean) IS
'A stored pattern after one more run. Seen again: confidence + 0.05, at most 0.95; the count of misses stays. Not seen: one miss more and confidence - 0.1, at least 0; deleted at the third miss or below 0.4. Error 22003 for a number out of range. Epic 5 domain model, 2.1.';

CREATE FUNCTION btwin.epic5_data_quality(duration_confidence float8, curve_confidence float8, best_hour_confidence float8) RETURNS float8
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM btwin.check_range(duration_confidence, 0, 1, 'duration_confidence'),
            btwin.check_range(curve_confidence, 0, 1, 'curve_confidence'),
            btwin.check_range(best_hour_confidence, 0, 1, 'best_hour_confidence');
    RETURN least(1.0, (coalesce(duration_confidence, 0) + coalesce(curve_confidence, 0) + coalesce(best_hour_confidence, 0)) / 3);
END $$;
COMMENT ON FUNCTION btwin.epic5_data_quality(float8, float8, float8) IS
'min(1, mean of the three confidences), NULL counted as 0. Error 22003 outside 0 to 1. Epic 5 domain model, 2.1.';

-- 2.2 optimal study time

CREATE FUNCTION btwin.epic5_session_performance(self_assessments float8[]) RETURNS float8
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM btwin.epic5_pattern_check_elements(self_assessments, 0, 5, 'self_assessments');
    RETURN coalesce((SELECT avg(coalesce(nullif(s, 0), 3)) FROM unnest(self_assessments) s), 3) / 5 * 100;
END $$;
COMMENT ON FUNCTION btwin.epic5_session_performance(float8[]) IS
'Performance of a session, 0 to 100: mean self-assessment (1 to 5) of its objectives / 5 * 100; a missing one or 0 counts 3, as does a session without objectives. Error 22003 outside 0 to 5. Epic 5 domain model, 2.2 and 2.3.';

CREATE FUNCTION btwin.epic5_session_completion(completed boolean[]) RETURNS float8
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN coalesce((SELECT avg(CASE WHEN c THEN 1.0::float8 ELSE 0.0::float8 END) FROM unnest(completed) c), 0);
COMMENT ON FUNCTION btwin.epic5_session_completion(boolean[]) IS
'Share (0 to 1) of a session''s objectives that were completed, NULL counted as not; 0 without objectives. Epic 5 domain model, 2.2.';

CREATE FUNCTION btwin.epic5_session_engagement(reviews_completed bigint, duration_ms float8) RETURNS float8
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM btwin.check_range(reviews_completed::float8, 0, 1e15, 'reviews_completed'),
            btwin.check_range(duration_ms, 0, 1e15, 'duration_ms');
    RETURN CASE WHEN duration_ms > 0
        THEN least(100.0, 100 * coalesce(reviews_completed, 0) / (30 * (duration_ms / 3600000))) ELSE 0 END;
END $$;
COMMENT ON FUNCTION btwin.epic5_session_engagement(bigint, float8) IS
'Engagement of a session, 0 to 100: 100 reviews / (30 * hours), at most 100; 0 when the duration is NULL or 0. Error 22003 for a negative number. Epic 5 domain model, 2.2.';

CREATE FUNCTION btwin.epic5_time_of_day_score(performance float8, retention float8, completion float8, engagement float8) RETURNS float8
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM btwin.check_range(performance, 0, 100, 'performance'),
            btwin.check_range(retention, 0, 1, 'retention'),
            btwin.check_range(completion, 0, 1, 'completion'),
            btwin.check_range(engagement, 0, 100, 'engagement');
    RETURN least(100.0, greatest(0.0, 0.4 * performance + 0.3 * 100 * retention + 0.2 * 100 * completion + 0.1 * engagement));
END $$;
COMMENT ON FUNCTION btwin.epic5_time_of_day_score(float8, float8, float8, float8) IS
'clamp(0.4 performance + 0.3 * 100 retention + 0.2 * 100 completion + 0.1 engagement, 0, 100); performance and engagement 0 to 100, the others 0 to 1. Error 22003 for a number out of range. Epic 5 domain model, 2.2.';

CREATE FUNCTION btwin.epic5_optimal_study_time(started_at timestamptz[], performance float8[], retention float8[],
    completion float8[], engagement float8[], time_zone text DEFAULT 'UTC',
    as_of timestamptz DEFAULT NULL, min_weeks float8 DEFAULT 6,
    OUT hour_of_day int, OUT session_count int, OUT avg_performance_score float8, OUT avg_retention float8,
    OUT completion_rate float8, OUT avg_engagement float8, OUT time_of_day_score float8, OUT confidence float8)
    RETURNS SETOF record
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE ROWS 3 SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    since timestamptz := as_of - make_interval(hours => (least(104, greatest(1, floor(min_weeks))) * 168)::int);
BEGIN
    PERFORM btwin.check_range(min_weeks, -1e9, 1e9, 'min_weeks'),
            btwin.epic5_pattern_check_elements(performance, 0, 100, 'performance'),
            btwin.epic5_pattern_check_elements(retention, 0, 1, 'retention'),
            btwin.epic5_pattern_check_elements(completion, 0, 1, 'completion'),
            btwin.epic5_pattern_check_elements(engagement, 0, 100, 'engagement'),
            btwin.epic5_pattern_check_lengths('started_at', cardinality(started_at), 'performance', cardinality(performance)),
            btwin.epic5_pattern_check_lengths('started_at', cardinality(started_at), 'retention', cardinality(retention)),
            btwin.epic5_pattern_check_lengths('started_at', cardinality(started_at), 'completion', cardinality(completion)),
            btwin.epic5_pattern_check_lengths('started_at', cardinality(started_at), 'engagement', cardinality(engagement));
    RETURN QUERY
    WITH by_hour AS (
        SELECT extract(hour FROM s.at AT TIME ZONE time_zone)::int AS h, count(*)::int AS n,
               avg(s.p) AS p, avg(s.r) AS r, avg(s.c) AS c, avg(s.e) AS e, min(s.at) AS first_seen
        FROM unnest(started_at, performance, retention, completion, engagement) AS s(at, p, r, c, e)
        WHERE (as_of IS NULL OR (s.at >= since AND s.at <= as_of))
          AND s.at IS NOT NULL AND s.p IS NOT NULL AND s.r IS NOT NULL AND s.c IS NOT NULL AND s.e IS NOT NULL
        GROUP BY 1),
    needed AS (
        SELECT CASE WHEN max(n) >= 5 THEN 5 WHEN max(n) >= 3 THEN 3 ELSE 1 END AS n FROM by_hour)
    SELECT b.h, b.n, b.p, b.r, b.c, b.e, score.value, btwin.epic5_count_confidence(b.n)
    FROM by_hour b, needed, LATERAL (SELECT btwin.epic5_time_of_day_score(b.p, b.r, b.c, b.e) AS value) score
    WHERE b.n >= needed.n
    ORDER BY score.value DESC, b.first_seen
    LIMIT 3;
END $$;
COMMENT ON FUNCTION btwin.epic5_optimal_study_time(timestamptz[], float8[], float8[], float8[], float8[], text, timestamptz, float8) IS
'The up to three best hours of the day from one element per completed session: start, performance 0 to 100 (epic5_session_performance), retention 0 to 1 (epic5_retention_score), completion 0 to 1 (epic5_session_completion), engagement 0 to 100 (epic5_session_engagement). Means per hour of "time_zone"; only hours with 5 sessions, if there is none with 3, if there is none any; ordered by time_of_day_score, ties by the earliest session; confidence min(1, n / 50) of the hour. With as_of only sessions of the min_weeks (floored, 1 to 104) weeks up to it. Sessions with a NULL are left out. Errors: 22023 for arrays of different length or an unknown time zone, 22003 for a number out of range. Epic 5 domain model, 2.2.';

-- 2.3 performance peaks

CREATE FUNCTION btwin.epic5_performance_peaks(started_at timestamptz[], score float8[], time_zone text DEFAULT 'UTC',
    OUT day_of_week int, OUT start_hour int, OUT end_hour int, OUT avg_score float8, OUT session_count int, OUT consistency float8)
    RETURNS SETOF record
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE ROWS 5 SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    needed int;
BEGIN
    PERFORM btwin.epic5_pattern_check_elements(score, 0, 100, 'score'),
            btwin.epic5_pattern_check_lengths('started_at', cardinality(started_at), 'score', cardinality(score));
    FOREACH needed IN ARRAY ARRAY[3, 1] LOOP
        RETURN QUERY
        WITH session AS (
            SELECT extract(dow FROM s.at AT TIME ZONE time_zone)::int AS dow,
                   extract(hour FROM s.at AT TIME ZONE time_zone)::int AS hour, s.y
            FROM unnest(started_at, score) AS s(at, y) WHERE s.at IS NOT NULL AND s.y IS NOT NULL),
        cell AS (
            SELECT s.dow, s.hour, s.hour - row_number() OVER (PARTITION BY s.dow ORDER BY s.hour) AS run
            FROM session s GROUP BY s.dow, s.hour
            HAVING count(*) >= needed AND avg(s.y) >= 80)
        SELECT c.dow, min(c.hour), max(c.hour), avg(s.y), count(*)::int, greatest(0.0, 1 - stddev_pop(s.y) / 100)
        FROM cell c JOIN session s ON s.dow = c.dow AND s.hour = c.hour
        GROUP BY c.dow, c.run
        HAVING max(c.hour) > min(c.hour)
        ORDER BY 4 DESC, 1, 2;
        IF FOUND THEN
            RETURN;
        END IF;
    END LOOP;
END $$;
COMMENT ON FUNCTION btwin.epic5_performance_peaks(timestamptz[], float8[], text) IS
'Runs of at least two adjacent hours of one weekday (0 = Sunday) of "time_zone", not past midnight, in which every hour has 3 sessions and a mean score (0 to 100, epic5_session_performance) of at least 80; if there is no such run, with 1 session. One element per completed session (of the last 8 weeks). end_hour is the last hour of the run; avg_score and session_count over all its sessions; consistency = max(0, 1 - population SD / 100). Best first, ties by weekday and hour. Sessions with a NULL are left out. Errors: 22023 for arrays of different length or an unknown time zone, 22003 for a score out of range. Epic 5 domain model, 2.3.';

-- 2.4 attention cycle

CREATE FUNCTION btwin.epic5_session_attention(review_minutes float8[], good boolean[], session_minutes float8,
    OUT fatigue_minutes float8, OUT flow_minutes float8)
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM btwin.check_range(session_minutes, 0, 1e9, 'session_minutes'),
            btwin.epic5_pattern_check_elements(review_minutes, 0, 1e9, 'review_minutes'),
            btwin.epic5_pattern_check_lengths('review_minutes', cardinality(review_minutes), 'good', cardinality(good));
    WITH bucket AS (
        SELECT floor(r.m / 10) AS i, avg(CASE WHEN r.g THEN 1.0::float8 ELSE 0.0::float8 END) AS accuracy
        FROM unnest(review_minutes, good) AS r(m, g) WHERE r.m IS NOT NULL AND r.g IS NOT NULL GROUP BY 1),
    run AS (
        SELECT b.i, b.accuracy, row_number() OVER (ORDER BY b.i)
               - row_number() OVER (PARTITION BY b.accuracy >= 0.85 ORDER BY b.i) AS run
        FROM bucket b)
    SELECT coalesce((SELECT min(b.i) * 10 FROM bucket b
                     WHERE b.accuracy < 0.8 * (SELECT c.accuracy FROM bucket c WHERE c.i = 0)), session_minutes),
           coalesce((SELECT max(f.n) FROM (SELECT count(*) * 10.0::float8 AS n FROM run r WHERE r.accuracy >= 0.85 GROUP BY r.run) f
                     WHERE f.n >= 20), 0)
    INTO fatigue_minutes, flow_minutes;
END $$;
COMMENT ON FUNCTION btwin.epic5_session_attention(float8[], boolean[], float8) IS
'One session: reviews as minutes from its start and whether they were good, in 10-minute buckets. fatigue_minutes = start of the first bucket whose share of good reviews is below 0.8 of the first bucket''s, else the session''s length (also when the first bucket has no reviews); flow_minutes = longest run of buckets with a share of at least 0.85, empty buckets skipped, 10 minutes each, 0 below 20. Reviews with a NULL are left out. Errors: 22003 for a negative number, 22023 for arrays of different length. Epic 5 domain model, 2.4.';

CREATE FUNCTION btwin.epic5_attention_cycle(session_minutes float8[], fatigue_minutes float8[], flow_minutes float8[],
    OUT avg_session_duration float8, OUT time_to_fatigue float8, OUT optimal_break_interval float8,
    OUT avg_flow_duration float8, OUT flow_frequency float8, OUT session_count int)
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM btwin.epic5_pattern_check_elements(session_minutes, 0, 1e9, 'session_minutes'),
            btwin.epic5_pattern_check_elements(fatigue_minutes, 0, 1e9, 'fatigue_minutes'),
            btwin.epic5_pattern_check_elements(flow_minutes, 0, 1e9, 'flow_minutes'),
            btwin.epic5_pattern_check_lengths('session_minutes', cardinality(session_minutes), 'fatigue_minutes', cardinality(fatigue_minutes)),
            btwin.epic5_pattern_check_lengths('session_minutes', cardinality(session_minutes), 'flow_minutes', cardinality(flow_minutes));
    SELECT avg(s.m), avg(s.f), 0.9 * avg(s.f), coalesce(avg(s.w) FILTER (WHERE s.w >= 20), 0),
           count(*) FILTER (WHERE s.w >= 20) / nullif(count(*), 0)::float8, count(*)::int
    INTO avg_session_duration, time_to_fatigue, optimal_break_interval, avg_flow_duration, flow_frequency, session_count
    FROM unnest(session_minutes, fatigue_minutes, flow_minutes) AS s(m, f, w)
    WHERE s.m >= 60 AND s.f IS NOT NULL AND s.w IS NOT NULL;
    IF session_count = 0 THEN
        avg_flow_duration := NULL;
    END IF;
END $$;
COMMENT ON FUNCTION btwin.epic5_attention_cycle(float8[], float8[], float8[]) IS
'Over the sessions of at least 60 minutes (of the last 8 weeks), with fatigue_minutes and flow_minutes from epic5_session_attention(): mean length, mean time to fatigue, break interval = 0.9 of it, mean flow over the sessions that have one (0 if none), share of sessions with flow; NULLs with session_count 0 without such a session. Errors: 22003 for a negative number, 22023 for arrays of different length. Epic 5 domain model, 2.4.';

-- 2.5 session duration

CREATE FUNCTION btwin.epic5_session_fatigue(review_minutes float8[], good boolean[], session_minutes float8) RETURNS float8
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    early float8;
    late float8;
BEGIN
    PERFORM btwin.check_range(session_minutes, 0, 1e9, 'session_minutes'),
            btwin.epic5_pattern_check_elements(review_minutes, -1e9, 1e9, 'review_minutes'),
            btwin.epic5_pattern_check_lengths('review_minutes', cardinality(review_minutes), 'good', cardinality(good));
    SELECT avg(v.y) FILTER (WHERE v.early), avg(v.y) FILTER (WHERE NOT v.early) INTO early, late
    FROM (SELECT r.m < session_minutes / 2 AS early, CASE WHEN r.g THEN 1.0::float8 ELSE 0.0::float8 END AS y
          FROM unnest(review_minutes, good) AS r(m, g) WHERE r.m IS NOT NULL AND r.g IS NOT NULL) v
    HAVING count(*) FILTER (WHERE v.early) >= 3 AND count(*) FILTER (WHERE NOT v.early) >= 3;
    IF early IS NULL OR late IS NULL THEN
        RETURN NULL;
    END IF;
    RETURN greatest(0.0, early - late);
END $$;
COMMENT ON FUNCTION btwin.epic5_session_fatigue(float8[], boolean[], float8) IS
'Fatigue of one session, 0 to 1: share of good reviews before its middle less the share from there on, at least 0; NULL with fewer than 3 reviews (given as minutes from the start) in either half. Reviews with a NULL are left out. Errors: 22003 for a number out of range, 22023 for arrays of different length. Epic 5 domain model, 2.5.';

CREATE FUNCTION btwin.epic5_duration_buckets(duration_ms float8[], good_share float8[], completed bigint[], completions bigint[], fatigue float8[],
    OUT min_minutes int, OUT max_minutes int, OUT session_count int, OUT avg_performance float8,
    OUT completion_rate float8, OUT avg_fatigue float8, OUT score float8)
    RETURNS SETOF record
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE ROWS 6 SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM btwin.epic5_pattern_check_elements(duration_ms, 0, 1e15, 'duration_ms'),
            btwin.epic5_pattern_check_elements(good_share, 0, 1, 'good_share'),
            btwin.epic5_pattern_check_elements(completed::float8[], 0, 1e15, 'completed'),
            btwin.epic5_pattern_check_elements(completions::float8[], 0, 1e15, 'completions'),
            btwin.epic5_pattern_check_elements(fatigue, 0, 1, 'fatigue'),
            btwin.epic5_pattern_check_lengths('duration_ms', cardinality(duration_ms), 'good_share', cardinality(good_share)),
            btwin.epic5_pattern_check_lengths('duration_ms', cardinality(duration_ms), 'completed', cardinality(completed)),
            btwin.epic5_pattern_check_lengths('duration_ms', cardinality(duration_ms), 'completions', cardinality(completions)),
            btwin.epic5_pattern_check_lengths('duration_ms', cardinality(duration_ms), 'fatigue', cardinality(fatigue));
    RETURN QUERY
    SELECT b.low, b.high, m.n, m.p, m.c, m.f,
           least(100.0, greatest(0.0, 0.5 * m.p + 0.3 * 100 * m.c + 0.2 * 100 * (1 - m.f)))
    FROM (SELECT x.low, x.high, count(*)::int AS n,
                 coalesce(avg(s.g) * 100, 0) AS p,
                 coalesce(sum(s.done) / nullif(sum(s.total), 0)::float8, 0)::float8 AS c,
                 coalesce(avg(s.f), 0) AS f
          FROM unnest(duration_ms, good_share, completed, completions, fatigue) AS s(d, g, done, total, f)
          JOIN (VALUES (0, 30, 30.0::float8), (30, 40, 40), (40, 50, 50), (50, 60, 60), (60, 90, 90), (90, 120, 'Infinity')) AS x(low, high, below)
            ON s.d >= x.low * 60000.0 AND s.d < x.below * 60000
          WHERE s.d > 0
          GROUP BY x.low, x.high
          HAVING count(*) >= 3) AS m(low, high, n, p, c, f),
         LATERAL (SELECT m.low, m.high) AS b(low, high)
    ORDER BY b.low;
END $$;
COMMENT ON FUNCTION btwin.epic5_duration_buckets(float8[], float8[], bigint[], bigint[], float8[]) IS
'Session lengths in minutes [0,30) [30,40) [40,50) [50,60) [60,90) [90, no end; given as 120) with at least 3 sessions. One element per completed session: duration in ms (others than above 0 are left out), share of good reviews (NULL without reviews), objectives completed or assessed 4 and more, objectives in all, fatigue (epic5_session_fatigue, or NULL). avg_performance = mean good share * 100 (0 if none); completion_rate = completed / all (0 if none); score = clamp(0.5 performance + 30 completion + 20 (1 - fatigue), 0, 100). Errors: 22023 for arrays of different length, 22003 for a number out of range. Epic 5 domain model, 2.5.';

CREATE FUNCTION btwin.epic5_session_duration(duration_ms float8[], good_share float8[], completed bigint[], completions bigint[], fatigue float8[],
    OUT min_minutes int, OUT max_minutes int, OUT session_count int, OUT score float8,
    OUT recommended_minutes int, OUT confidence float8, OUT valid_sessions int,
    OUT reason_tier text, OUT current_minutes int, OUT average_minutes int)
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    mean_minutes float8;
    weighted float8;
BEGIN
    SELECT count(*)::int, avg(d) / 60000 INTO valid_sessions, mean_minutes FROM unnest(duration_ms) d WHERE d > 0;
    SELECT b.min_minutes, b.max_minutes, b.session_count, b.score INTO min_minutes, max_minutes, session_count, score
    FROM btwin.epic5_duration_buckets(duration_ms, good_share, completed, completions, fatigue) b
    ORDER BY b.score DESC, b.session_count DESC, b.min_minutes LIMIT 1;
    SELECT sum((b.min_minutes + b.max_minutes) / 2.0::float8 * b.session_count) INTO weighted
    FROM btwin.epic5_duration_buckets(duration_ms, good_share, completed, completions, fatigue) b;
    IF min_minutes IS NULL THEN
        min_minutes := 40;
        max_minutes := 50;
        session_count := 0;
        score := 0;
        recommended_minutes := 45;
        confidence := 0;
        average_minutes := 45;
    ELSE
        recommended_minutes := btwin.epic5_round(least(90.0, greatest(30.0, (min_minutes + max_minutes) / 2.0)));
        confidence := btwin.epic5_count_confidence(valid_sessions);
        average_minutes := btwin.epic5_round(weighted / valid_sessions);
    END IF;
    reason_tier := CASE WHEN confidence >= 0.7 THEN 'personal' WHEN confidence >= 0.4 THEN 'tentative' ELSE 'generic' END;
    current_minutes := coalesce(btwin.epic5_round(mean_minutes), 45);
END $$;
COMMENT ON FUNCTION btwin.epic5_session_duration(float8[], float8[], bigint[], bigint[], float8[]) IS
'The best length of a session from the buckets of epic5_duration_buckets(), arguments as there: highest score, ties by more sessions; recommended_minutes = its middle, 90 for the last, within 30 to 90; confidence min(1, n / 50) over all valid sessions; without a bucket 40 to 50, 45 minutes, confidence 0. reason_tier: personal from 0.7, tentative from 0.4, else generic. current_minutes = mean length, average_minutes = sum over buckets of middle * sessions / valid sessions (last middle 105), both rounded, 45 if none. Epic 5 domain model, 2.5 and 2.1.';

CREATE FUNCTION btwin.epic5_duration_for_complexity(recommended_minutes float8, confidence float8, complexity text) RETURNS float8
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM btwin.check_range(recommended_minutes, 0, 1e9, 'recommended_minutes'),
            btwin.check_range(confidence, 0, 1, 'confidence');
    IF complexity NOT IN ('BASIC', 'INTERMEDIATE', 'ADVANCED') THEN
        RAISE EXCEPTION 'unknown complexity "%"', complexity
            USING ERRCODE = 'invalid_parameter_value',
                  DETAIL = 'Argument "complexity" takes one of a fixed list of names.',
                  HINT = 'Use one of "BASIC", "INTERMEDIATE", "ADVANCED".';
    END IF;
    IF confidence < 0.4 THEN
        RETURN NULL;
    END IF;
    RETURN CASE complexity WHEN 'BASIC' THEN greatest(30.0, recommended_minutes - 10)
                           WHEN 'ADVANCED' THEN least(90.0, recommended_minutes + 15)
                           ELSE recommended_minutes END;
END $$;
COMMENT ON FUNCTION btwin.epic5_duration_for_complexity(float8, float8, text) IS
'Minutes for material of a complexity: BASIC max(30, d - 10), INTERMEDIATE d, ADVANCED min(90, d + 15); NULL below confidence 0.4. Errors: 22003 for a number out of range, 22023 for an unknown complexity. Epic 5 domain model, 2.5.';

CREATE FUNCTION btwin.epic5_session_fatigue_point(review_minutes float8[], good boolean[], session_minutes float8) RETURNS float8
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    point float8;
BEGIN
    PERFORM btwin.check_range(session_minutes, 0, 1e9, 'session_minutes'),
            btwin.epic5_pattern_check_elements(review_minutes, 0, 1e9, 'review_minutes'),
            btwin.epic5_pattern_check_lengths('review_minutes', cardinality(review_minutes), 'good', cardinality(good));
    IF session_minutes IS NULL OR session_minutes < 60 OR
       (SELECT count(*) FROM unnest(review_minutes, good) AS r(m, g) WHERE r.m IS NOT NULL AND r.g IS NOT NULL) < 10 THEN
        RETURN NULL;
    END IF;
    WITH segment AS (
        SELECT floor(r.m / 10) * 10 + 10 AS ends, avg(CASE WHEN r.g THEN 1.0::float8 ELSE 0.0::float8 END) AS accuracy
        FROM unnest(review_minutes, good) AS r(m, g) WHERE r.m IS NOT NULL AND r.g IS NOT NULL GROUP BY 1),
    kept AS (
        SELECT s.ends, s.accuracy, first_value(s.accuracy) OVER (ORDER BY s.ends) AS first_accuracy, count(*) OVER () AS segments
        FROM segment s WHERE s.ends <= session_minutes)
    SELECT min(k.ends) INTO point FROM kept k
    WHERE k.segments >= 3 AND (k.first_accuracy - k.accuracy) / nullif(k.first_accuracy, 0) >= 0.2;
    RETURN point;
END $$;
COMMENT ON FUNCTION btwin.epic5_session_fatigue_point(float8[], boolean[], float8) IS
'End in minutes of the first 10-minute segment of a session of at least 60 minutes with 10 reviews whose share of good reviews has dropped by 0.20 or more of the first segment''s; segments end at 10, 20, ... up to the session''s length, those without reviews are skipped, at least 3 are needed. NULL if there is none. Reviews with a NULL are left out. Errors: 22003 for a negative number, 22023 for arrays of different length. Epic 5 domain model, 2.5.';

CREATE FUNCTION btwin.epic5_fatigue_point(session_minutes float8[], fatigue_points float8[],
    OUT fatigue_point int, OUT break_interval int, OUT sessions_needed int)
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    mean_point float8;
    long_sessions int;
BEGIN
    PERFORM btwin.epic5_pattern_check_elements(session_minutes, 0, 1e9, 'session_minutes'),
            btwin.epic5_pattern_check_elements(fatigue_points, 0, 1e9, 'fatigue_points'),
            btwin.epic5_pattern_check_lengths('session_minutes', cardinality(session_minutes), 'fatigue_points', cardinality(fatigue_points));
    SELECT count(*), avg(s.f) INTO long_sessions, mean_point
    FROM unnest(session_minutes, fatigue_points) AS s(m, f) WHERE s.m >= 60;
    sessions_needed := greatest(0, 5 - long_sessions);
    IF sessions_needed = 0 THEN
        fatigue_point := btwin.epic5_round(mean_point);
        break_interval := CASE WHEN fatigue_point IS NOT NULL THEN greatest(30, fatigue_point - 10) END;
    END IF;
END $$;
COMMENT ON FUNCTION btwin.epic5_fatigue_point(float8[], float8[]) IS
'Rounded mean of the sessions'' fatigue points (epic5_session_fatigue_point; NULL = none found) over at least 5 sessions of 60 minutes and more, break_interval = max(30, fatigue_point - 10); with fewer such sessions NULL and how many are still needed. Errors: 22003 for a negative number, 22023 for arrays of different length. Epic 5 domain model, 2.5.';

-- 2.6 to 2.8 content

CREATE FUNCTION btwin.epic5_content_preference(event_types text[], event_ms float8[],
    session_ms float8[], session_reviews bigint[], session_validations bigint[],
    OUT lectures float8, OUT flashcards float8, OUT validation float8, OUT clinical_reasoning float8)
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM btwin.epic5_pattern_check_elements(event_ms, 0, 1e15, 'event_ms'),
            btwin.epic5_pattern_check_elements(session_ms, 0, 1e15, 'session_ms'),
            btwin.epic5_pattern_check_elements(session_reviews::float8[], 0, 1e15, 'session_reviews'),
            btwin.epic5_pattern_check_elements(session_validations::float8[], 0, 1e15, 'session_validations'),
            btwin.epic5_pattern_check_lengths('event_types', cardinality(event_types), 'event_ms', cardinality(event_ms)),
            btwin.epic5_pattern_check_lengths('session_ms', cardinality(session_ms), 'session_reviews', cardinality(session_reviews)),
            btwin.epic5_pattern_check_lengths('session_ms', cardinality(session_ms), 'session_validations', cardinality(session_validations));
    SELECT sum(v.raw) FILTER (WHERE v.kind = 'lecture'), sum(v.raw) FILTER (WHERE v.kind = 'flashcard'),
           sum(v.raw) FILTER (WHERE v.kind = 'validation'), sum(v.raw) FILTER (WHERE v.kind = 'clinical_reasoning')
    INTO lectures, flashcards, validation, clinical_reasoning
    FROM (SELECT e.kind, 0.6 * coalesce(e.ms, 0) + 0.4 * 100 AS raw
          FROM unnest(event_types, event_ms) AS e(kind, ms)
          WHERE e.kind IN ('lecture', 'flashcard', 'validation', 'clinical_reasoning')
          UNION ALL
          SELECT k.kind, 0.6 * coalesce(s.ms, 0) + 0.4 * 100
          FROM unnest(session_ms, session_reviews, session_validations) AS s(ms, reviews, validations),
               LATERAL (VALUES ('flashcard', s.reviews), ('validation', s.validations)) AS k(kind, n)
          WHERE k.n >= 1
          UNION ALL
          SELECT k, 0.0 FROM unnest(ARRAY['lecture', 'flashcard', 'validation', 'clinical_reasoning']) k) v;
    IF lectures + flashcards + validation + clinical_reasoning > 0 THEN
        SELECT lectures / t, flashcards / t, validation / t, clinical_reasoning / t
        INTO lectures, flashcards, validation, clinical_reasoning
        FROM (SELECT lectures + flashcards + validation + clinical_reasoning) AS total(t);
    ELSE
        lectures := 0.25;
        flashcards := 0.25;
        validation := 0.25;
        clinical_reasoning := 0.25;
    END IF;
END $$;
COMMENT ON FUNCTION btwin.epic5_content_preference(text[], float8[], float8[], bigint[], bigint[]) IS
'Shares of four kinds of content, summing to 1: raw = 0.6 * time in ms + 0.4 * 100 * count, from events (content type lecture, flashcard, validation, clinical_reasoning, others left out; duration in ms, NULL counts 0) and completed sessions (with reviews: one flashcard with the session''s whole time; with validation responses: one validation likewise); all zero: 0.25 each. Errors: 22023 for arrays of different length, 22003 for a negative number. Epic 5 domain model, 2.6.';

CREATE FUNCTION btwin.epic5_vark(graph_views bigint, diagram_engagement float8[], explain_scores float8[],
    clinical_engagement float8[], lecture_ms float8, sessions_with_notes bigint,
    OUT visual float8, OUT auditory float8, OUT kinesthetic float8, OUT reading float8)
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    total float8;
BEGIN
    PERFORM btwin.check_range(graph_views::float8, 0, 1e15, 'graph_views'),
            btwin.epic5_pattern_check_elements(diagram_engagement, 0, 100, 'diagram_engagement'),
            btwin.epic5_pattern_check_elements(explain_scores, 0, 100, 'explain_scores'),
            btwin.epic5_pattern_check_elements(clinical_engagement, 0, 100, 'clinical_engagement'),
            btwin.check_range(lecture_ms, 0, 1e15, 'lecture_ms'),
            btwin.check_range(sessions_with_notes::float8, 0, 1e15, 'sessions_with_notes');
    visual := 0.5 * coalesce(graph_views, 0)
        + 0.5 * coalesce((SELECT avg(coalesce(nullif(e, 0), 0.5)) FROM unnest(diagram_engagement) e), 0);
    auditory := coalesce((SELECT avg(s) FROM unnest(explain_scores) s), 0);
    kinesthetic := coalesce((SELECT avg(coalesce(e, 0.5)) FROM unnest(clinical_engagement) e), 0);
    reading := 0.6 * least(1.0, coalesce(lecture_ms, 0) / 36000000)
        + 0.4 * least(1.0, coalesce(sessions_with_notes, 0) / 50.0::float8);
    total := visual + auditory + kinesthetic + reading;
    IF total > 0 THEN
        visual := visual / total;
        auditory := auditory / total;
        kinesthetic := kinesthetic / total;
        reading := reading / total;
    ELSE
        visual := 0.25;
        auditory := 0.25;
        kinesthetic := 0.25;
        reading := 0.25;
    END IF;
END $$;
COMMENT ON FUNCTION btwin.epic5_vark(bigint, float8[], float8[], float8[], float8, bigint) IS
'Exposure mix, summing to 1. Raw values: visual = 0.5 * graph views + 0.5 * mean engagement of diagram cards (NULL or 0 counts 0.5; none: 0); auditory = mean score of explanations to patients (none: 0); kinesthetic = mean engagement of clinical reasoning (NULL counts 0.5; none: 0); reading = 0.6 min(1, lecture ms / 36,000,000) + 0.4 min(1, sessions with notes / 50); all zero: 0.25 each. Not a trait of the learner. Pass this learner''s rows only: the reference takes explanations of all users. Error 22003 for a number out of range. Epic 5 domain model, 2.7.';

CREATE FUNCTION btwin.epic5_content_effectiveness(event_types text[], engagement float8[], completed boolean[], retention float8[],
    session_good_shares float8[], session_validation_scores float8[],
    OUT content_type text, OUT sample_size int, OUT avg_retention float8, OUT avg_completion float8, OUT avg_engagement float8, OUT score float8)
    RETURNS SETOF record
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE ROWS 4 SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM btwin.epic5_pattern_check_elements(engagement, 0, 100, 'engagement'),
            btwin.epic5_pattern_check_elements(retention, 0, 1, 'retention'),
            btwin.epic5_pattern_check_elements(session_good_shares, 0, 1, 'session_good_shares'),
            btwin.epic5_pattern_check_elements(session_validation_scores, 0, 1, 'session_validation_scores'),
            btwin.epic5_pattern_check_lengths('event_types', cardinality(event_types), 'engagement', cardinality(engagement)),
            btwin.epic5_pattern_check_lengths('event_types', cardinality(event_types), 'completed', cardinality(completed)),
            btwin.epic5_pattern_check_lengths('event_types', cardinality(event_types), 'retention', cardinality(retention));
    RETURN QUERY
    SELECT k.kind, m.n, m.r, m.c, m.e, btwin.epic5_round(50 * m.r + 30 * m.c + 0.2 * m.e, 2)
    FROM unnest(ARRAY['lecture', 'flashcard', 'validation', 'clinical_reasoning']) WITH ORDINALITY AS k(kind, at),
         LATERAL (
             SELECT count(*)::int, coalesce(avg(v.r), 0), coalesce(avg(v.c), 0), coalesce(avg(v.e), 0)
             FROM (SELECT coalesce(e.r, 0) AS r, CASE WHEN e.c THEN 1.0::float8 ELSE 0.0::float8 END AS c, coalesce(e.e, 0) AS e
                   FROM unnest(event_types, engagement, completed, retention) AS e(kind, e, c, r) WHERE e.kind = k.kind
                   UNION ALL
                   SELECT g, 1.0, 0.0 FROM unnest(session_good_shares) g WHERE k.kind = 'flashcard' AND g IS NOT NULL
                   UNION ALL
                   SELECT s, 0.0, 0.0 FROM unnest(session_validation_scores) s WHERE k.kind = 'validation' AND s IS NOT NULL) v) AS m(n, r, c, e)
    ORDER BY k.at;
END $$;
COMMENT ON FUNCTION btwin.epic5_content_effectiveness(text[], float8[], boolean[], float8[], float8[], float8[]) IS
'Per kind of content 50 retention + 30 completion + 0.2 engagement, rounded to 2 decimals, zeros without a sample. Samples: events that have a session performance score (content type, engagement 0 to 100, completed, retention 0 to 1), sessions with reviews (good share as retention, counted completed) for flashcard, sessions with validation responses (mean score 0 to 1 as retention) for validation. All averages are over the joint sample, a missing part counts 0. Errors: 22023 for arrays of different length, 22003 for a number out of range. Epic 5 domain model, 2.8.';
