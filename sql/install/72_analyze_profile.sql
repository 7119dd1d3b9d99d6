-- The profile that personalization acts on: what the learner's sessions, reviews and
-- habits say of times, lengths, content and forgetting, and how much all that rests on.

CREATE FUNCTION btwin._study_facts(learner text, moment timestamptz,
    OUT sessions bigint, OUT minutes float8, OUT weeks bigint, OUT content jsonb, OUT exposure jsonb)
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan
AS $study_facts$
#variable_conflict use_column
DECLARE
    half_a_year CONSTANT timestamptz := moment - interval '4368 hours';
    six_weeks   CONSTANT timestamptz := moment - interval '1008 hours';
    met         record;
BEGIN
    SELECT count(*), avg(s.duration_ms / 60000.0::float8) FILTER (WHERE s.duration_ms BETWEEN 1 AND 86400000),
           count(DISTINCT floor(extract(epoch FROM moment - s.started_at) / 604800)) FILTER (WHERE s.started_at > six_weeks)
    INTO sessions, minutes, weeks
    FROM btwin.study_sessions_window(learner, half_a_year, moment) AS s
    WHERE s.completed_at <= moment;

    WITH session AS MATERIALIZED (
        SELECT s.id, CASE WHEN s.duration_ms BETWEEN 1 AND 86400000 THEN s.duration_ms::float8 END AS spent,
               s.reviews_completed > 0 AS reviewed, length(s.session_notes) > 10 AS noted
        FROM btwin.study_sessions_window(learner, six_weeks, moment) AS s
        WHERE s.completed_at <= moment
    ), event AS MATERIALIZED (
        SELECT e.event_type, e.content_type, e.event_data ->> 'sessionId' AS session_id, e.event_data -> 'hasDiagram' = 'true' AS is_diagram
        FROM btwin.behavioral_events_window(learner, six_weeks, moment) AS e
        WHERE e.content_type IN ('lecture', 'flashcard', 'validation', 'clinical_reasoning') OR e.event_type IN ('GRAPH_VIEWED', 'CARD_REVIEWED')
    ), response AS MATERIALIZED (
        SELECT r.session_id, p.prompt_type
        FROM btwin.validation_responses_window(learner, six_weeks, moment) AS r
        LEFT JOIN btwin.validation_prompts p ON p.id = r.prompt_id
        WHERE NOT r.skipped
    ), kind AS (
        -- the time of a session is divided among what was met in it
        SELECT k.kind, s.spent / count(*) OVER (PARTITION BY s.id) AS spent
        FROM session AS s
        JOIN (SELECT s.id, 'flashcard' AS kind FROM session AS s WHERE s.reviewed
              UNION SELECT e.session_id, e.content_type FROM event AS e WHERE e.content_type IN ('lecture', 'flashcard', 'validation', 'clinical_reasoning')
              UNION SELECT r.session_id, 'validation' FROM response AS r) AS k ON k.id = s.id
    )
    SELECT t.*, u.*
    INTO met
    FROM (SELECT sum(k.spent) AS total, coalesce(sum(k.spent) FILTER (WHERE k.kind = 'lecture'), 0) AS lectures, coalesce(sum(k.spent) FILTER (WHERE k.kind = 'flashcard'), 0) AS flashcards,
                 coalesce(sum(k.spent) FILTER (WHERE k.kind = 'validation'), 0) AS validation, coalesce(sum(k.spent) FILTER (WHERE k.kind = 'clinical_reasoning'), 0) AS clinical FROM kind AS k) AS t
    CROSS JOIN (SELECT (SELECT count(*) FROM event AS e WHERE e.event_type = 'GRAPH_VIEWED' OR e.event_type = 'CARD_REVIEWED' AND e.is_diagram) AS visual,
                       (SELECT count(*) FROM response AS r WHERE r.prompt_type = 'EXPLAIN_TO_PATIENT') AS auditory,
                       (SELECT count(*) FROM event AS e WHERE e.content_type = 'lecture') + (SELECT count(*) FROM session AS s WHERE s.noted) AS reading,
                       (SELECT count(*) FROM event AS e WHERE e.content_type = 'clinical_reasoning') + (SELECT count(*) FROM response AS r WHERE r.prompt_type = 'CLINICAL_REASONING') AS kinesthetic) AS u;
    content := CASE WHEN met.total IS NOT NULL
                    THEN jsonb_build_object('lectures', round((met.lectures / met.total)::numeric, 6), 'flashcards', round((met.flashcards / met.total)::numeric, 6),
                                            'validation', round((met.validation / met.total)::numeric, 6), 'clinicalReasoning', round((met.clinical / met.total)::numeric, 6)) ELSE '{}' END;
    exposure := (SELECT CASE WHEN n.total > 0
                             THEN jsonb_build_object('visual', round(met.visual / n.total, 6), 'auditory', round(met.auditory / n.total, 6),
                                                     'reading', round(met.reading / n.total, 6), 'kinesthetic', round(met.kinesthetic / n.total, 6)) ELSE '{}' END
                 FROM (SELECT (met.visual + met.auditory + met.reading + met.kinesthetic)::numeric) AS n (total));
END
$study_facts$;
COMMENT ON FUNCTION btwin._study_facts(text, timestamptz) IS
'Internal: of completed sessions before a moment: their number and mean minutes (up to a day each) over 182 days; of the last six weeks how many have one; content: shares of time by kind of content over six weeks, where a session''s time is divided evenly among what was met in it; exposure: shares of what was met: graphs and diagrams (visual), explanations to patients (auditory), lectures and sessions with notes (reading), clinical reasoning (kinesthetic); {} where nothing was. Epic 5 domain model, 2.1, 2.6 and 2.7.';

CREATE FUNCTION btwin._store_profile(learner text, moment timestamptz, sufficient boolean, sessions bigint, minutes float8, weeks bigint, content jsonb, exposure jsonb,
    half_life float8, half_life_low float8, half_life_high float8, initial_retention float8, decay_rate float8, curve_confidence float8, reviews bigint,
    OUT written boolean, OUT quality float8)
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $store_profile$
#variable_conflict use_column
DECLARE
    rule        CONSTANT text := 'profile-1';
    beginning   CONSTANT timestamptz := '2000-01-01 00:00:00+00';
    found_from  CONSTANT float8 := btwin._found_from();
    at          CONSTANT timestamptz := date_trunc('milliseconds', moment);
    habit       record;
    standing    record;
    chosen      text[];
    profiled    boolean;
    times       jsonb;
    optimal     integer;
    average     integer;
    mix         jsonb;
    curve       jsonb;
    low         float8;
    high        float8;
BEGIN
    SELECT max(p.confidence) FILTER (WHERE p.pattern_type = 'OPTIMAL_STUDY_TIME') AS hours_confidence,
           max(btwin._json_number(p.pattern_data -> 'startHour', 0, 23)::integer) FILTER (WHERE p.pattern_type = 'OPTIMAL_STUDY_TIME') AS start_hour,
           max(btwin._json_number(p.pattern_data -> 'endHour', 1, 24)::integer) FILTER (WHERE p.pattern_type = 'OPTIMAL_STUDY_TIME') AS end_hour,
           max(btwin._json_number(p.pattern_data -> 'recommendedDuration', 30, 90)::integer) FILTER (WHERE p.pattern_type = 'SESSION_DURATION_PREFERENCE') AS minutes,
           max(btwin._json_number(p.pattern_data -> 'limitLow')) FILTER (WHERE p.pattern_type = 'SESSION_DURATION_PREFERENCE') AS low,
           max(btwin._json_number(p.pattern_data -> 'limitHigh')) FILTER (WHERE p.pattern_type = 'SESSION_DURATION_PREFERENCE') AS high
    INTO habit
    FROM btwin.behavioral_patterns p
    WHERE p.user_id = learner AND p.id IN (btwin._habit_id(learner, 'hours'), btwin._habit_id(learner, 'length')) AND p.confidence >= found_from;
    SELECT p.* INTO standing FROM btwin.user_learning_profiles p WHERE p.user_id = learner;
    profiled := coalesce((SELECT u.learning_style_profiling_enabled FROM btwin.users u WHERE u.id = learner), true);
    -- what the learner had set for good
    chosen := ARRAY(SELECT DISTINCT r.recommendation_type
                    FROM btwin.applied_recommendations_window(learner, beginning, moment + interval '1 microsecond') AS a
                    JOIN btwin.recommendations r ON r.id = a.recommendation_id AND r.user_id = learner
                    WHERE a.application_type = 'AUTO' AND standing.id IS NOT NULL);

    times := CASE WHEN habit.start_hour IS NULL OR habit.end_hour IS NULL THEN '[]'
                  -- past midnight there are two parts of it
                  WHEN habit.end_hour < habit.start_hour
                  THEN jsonb_build_array(jsonb_build_object('dayOfWeek', -1, 'startHour', habit.start_hour, 'endHour', 24, 'effectiveness', round(habit.hours_confidence::numeric, 6)),
                                         jsonb_build_object('dayOfWeek', -1, 'startHour', 0, 'endHour', habit.end_hour, 'effectiveness', round(habit.hours_confidence::numeric, 6)))
                  ELSE jsonb_build_array(jsonb_build_object('dayOfWeek', -1, 'startHour', habit.start_hour, 'endHour', habit.end_hour, 'effectiveness', round(habit.hours_confidence::numeric, 6))) END;
    average := round(coalesce(minutes, 45));
    optimal := coalesce(habit.minutes, least(greatest(average, 30), 90));
    low := habit.low;
    high := habit.high;
    curve := CASE WHEN reviews > 0 AND half_life IS NOT NULL
                  THEN jsonb_build_object('initialRetention', round(initial_retention::numeric, 6), 'decayRate', round(decay_rate::numeric, 6), 'stabilityFactor', round(half_life::numeric, 6),
                                          'halfLifeLow', round(half_life_low::numeric, 6), 'halfLifeHigh', round(half_life_high::numeric, 6),
                                          'confidence', round(curve_confidence::numeric, 6), 'evidenceCount', reviews) ELSE '{}' END;
    mix := CASE WHEN jsonb_typeof(standing.learning_style_profile) = 'object' THEN standing.learning_style_profile ELSE '{}' END - '{visual,auditory,reading,kinesthetic}'::text[]
        || CASE WHEN profiled THEN exposure ELSE '{}' END;
    IF 'STUDY_TIME_OPTIMIZATION' = ANY (chosen) THEN
        times := standing.preferred_study_times;
    END IF;
    IF 'SESSION_DURATION_ADJUSTMENT' = ANY (chosen) THEN
        optimal := standing.optimal_session_duration;
        low := NULL;
        high := NULL;
    END IF;
    IF 'CONTENT_TYPE_BALANCE' = ANY (chosen) THEN
        content := standing.content_preferences;
    END IF;
    IF standing.personalized_forgetting_curve ? 'recommendedReviewInterval' THEN
        curve := curve || jsonb_build_object('recommendedReviewInterval', standing.personalized_forgetting_curve -> 'recommendedReviewInterval');
    END IF;
    quality := CASE WHEN sufficient THEN round(((btwin._evidence_confidence(sessions) + coalesce(curve_confidence, 0) + weeks / 6.0::float8) / 3)::numeric, 6) ELSE 0 END;

    written := (standing.id IS NULL AND sufficient)
            OR (standing.id IS NOT NULL
                AND (standing.preferred_study_times, standing.average_session_duration, standing.optimal_session_duration, standing.content_preferences,
                     standing.learning_style_profile, standing.personalized_forgetting_curve, standing.data_quality_score)
                    IS DISTINCT FROM (times, average, optimal, content, mix, curve, quality));
    IF standing.id IS NULL AND sufficient THEN
        standing.id := btwin._new_id();
        INSERT INTO btwin.user_learning_profiles (id, user_id, preferred_study_times, average_session_duration, optimal_session_duration, content_preferences,
                                                  learning_style_profile, personalized_forgetting_curve, last_analyzed_at, data_quality_score)
        VALUES (standing.id, learner, times, average, optimal, content, mix, curve, at, quality);
    ELSIF written THEN
        UPDATE btwin.user_learning_profiles AS p
        SET preferred_study_times = times, average_session_duration = average, optimal_session_duration = optimal, content_preferences = content,
            learning_style_profile = mix, personalized_forgetting_curve = curve, last_analyzed_at = at, data_quality_score = quality
        WHERE p.id = standing.id AND p.user_id = learner;
    END IF;
    IF written THEN
        PERFORM btwin._record_provenance(learner, 'user_learning_profiles', standing.id, 'btwin', rule, moment, sessions::integer, low, high);
    END IF;
END
$store_profile$;
COMMENT ON FUNCTION btwin._store_profile(text, timestamptz, boolean, bigint, float8, bigint, jsonb, jsonb, float8, float8, float8, float8, float8, float8, bigint) IS
'Internal: brings a learner''s profile up to a moment; written says whether anything in it changed. Without enough history none is made, one that stands gets the quality 0. Times are those of the habit; the best length is that of the habit, else the mean length, 30 to 90 minutes, and its interval goes to btwin.provenance. What the learner had set (an application of kind AUTO, a review interval) stays. Quality: mean of n/(n + 10) for n sessions of 182 days, of the confidence of the forgetting curve, and of the share of the last six weeks with a session. Epic 5 domain model, 1.5 and 2.1.';
