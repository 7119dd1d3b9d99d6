-- Insights and recommendations, acted upon: acknowledged, applied, dismissed; and what
-- came of those that were applied.

-- Parts

CREATE FUNCTION btwin._document_time(moment timestamptz) RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
RETURN to_char(moment AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"');
COMMENT ON FUNCTION btwin._document_time(timestamptz) IS
'Internal: a moment as documents of the application have it, to the millisecond; what btwin._json_moment() reads.';

CREATE FUNCTION btwin._study_metrics(learner text, moment timestamptz) RETURNS jsonb
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $study_metrics$
BEGIN
    RETURN jsonb_build_object(
        'avgConfidence', (SELECT avg(p.confidence) FROM btwin._patterns_at(learner, moment) AS p),
        'behavioralScore', (SELECT btwin._plain_number(p.data_quality_score) FROM btwin.user_learning_profiles p WHERE p.user_id = learner),
        'sessionCount', (SELECT count(*) FROM btwin.study_sessions_window(learner, moment - interval '168 hours' + interval '1 microsecond', moment + interval '1 microsecond') AS s),
        'capturedAt', btwin._document_time(moment));
END
$study_metrics$;
COMMENT ON FUNCTION btwin._study_metrics(text, timestamptz) IS
'Internal: what a recommendation is measured by, before and after it was applied: {avgConfidence: mean confidence of the patterns, behavioralScore: data quality of the profile, sessionCount: sessions begun in the 168 hours up to the moment, capturedAt}; NULL where there is no pattern or profile. Epic 5 domain model, 1.5 and 2.29.';

CREATE FUNCTION btwin._metrics_effect(before_metrics jsonb, after_metrics jsonb) RETURNS float8
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $metrics_effect$
SELECT CASE WHEN count(*) > 0 THEN greatest(-1, least(1, avg((m.after_value - m.before_value) / abs(m.before_value)))) END
FROM (SELECT nullif(btwin._json_number(before_metrics -> k.key), 0), nullif(btwin._json_number(after_metrics -> k.key), 0)
      FROM unnest('{behavioralScore,avgConfidence}'::text[]) AS k (key)) AS m (before_value, after_value)
WHERE m.before_value IS NOT NULL AND m.after_value IS NOT NULL
$metrics_effect$;
COMMENT ON FUNCTION btwin._metrics_effect(jsonb, jsonb) IS
'Internal: mean of the relative changes of behavioralScore and avgConfidence, each only where neither value is 0 or missing, cut to -1 to 1; a decline is negative; NULL where neither can be compared. Epic 5 domain model, 2.29.';

-- Settings of a profile

CREATE FUNCTION btwin._bad_setting(argument text, found text, needed text) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE
AS $bad_setting$
SELECT btwin._refuse('PT400', 'bad_document', pg_catalog.format('argument "%s": %s', argument, found), needed, argument)
$bad_setting$;
COMMENT ON FUNCTION btwin._bad_setting(text, text, text) IS
'Internal: PT400 bad_document: what was found in a document of the caller, and what is needed.';

CREATE FUNCTION btwin._is_whole_setting(value jsonb, low integer, high integer) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $is_whole_setting$
SELECT coalesce(btwin._json_number(value, low, high) OPERATOR(pg_catalog.=) pg_catalog.trunc(btwin._json_number(value, low, high)), false)
$is_whole_setting$;
COMMENT ON FUNCTION btwin._is_whole_setting(jsonb, integer, integer) IS
'Internal: the value is a whole number from low to high.';

CREATE FUNCTION btwin._check_settings_document(argument text, settings jsonb) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $check_settings_document$
DECLARE
    part    record;
    element record;
    item    record;
    total   float8 := 0;
    n       integer := 0;
BEGIN
    IF settings IS NULL THEN
        RETURN true;
    ELSIF jsonb_typeof(settings) <> 'object' THEN
        PERFORM btwin._bad_setting(argument, format('it is of type %s', jsonb_typeof(settings)), 'Needed is an object.');
    END IF;
    FOR part IN SELECT e.key, e.value FROM jsonb_each(settings) AS e ORDER BY e.key COLLATE "C" LOOP
        CASE part.key
        WHEN 'optimal_session_minutes' THEN
            IF NOT btwin._is_whole_setting(part.value, 15, 180) THEN
                PERFORM btwin._bad_setting(argument, 'optimal_session_minutes is not a whole number from 15 to 180', 'Needed is a whole number of minutes from 15 to 180.');
            END IF;
        WHEN 'review_interval_days' THEN
            IF NOT btwin._is_whole_setting(part.value, 1, 365) THEN
                PERFORM btwin._bad_setting(argument, 'review_interval_days is not a whole number from 1 to 365', 'Needed is a whole number of days from 1 to 365.');
            END IF;
        WHEN 'content_preferences' THEN
            IF jsonb_typeof(part.value) <> 'object' THEN
                PERFORM btwin._bad_setting(argument, format('content_preferences is of type %s', jsonb_typeof(part.value)), 'Needed is an object of shares.');
            END IF;
            FOR element IN SELECT e.key, e.value FROM jsonb_each(part.value) AS e ORDER BY e.key COLLATE "C" LOOP
                IF element.key <> ALL ('{lectures,flashcards,validation,clinical_reasoning}') THEN
                    PERFORM btwin._bad_setting(argument, 'content_preferences has a key that is not known', 'Known are lectures, flashcards, validation, clinical_reasoning.');
                ELSIF btwin._json_number(element.value, 0, 1) IS NULL THEN
                    PERFORM btwin._bad_setting(argument, format('content_preferences.%s is not a number from 0 to 1', element.key), 'Needed is a share from 0 to 1.');
                END IF;
                total := total + btwin._json_number(element.value);
                n := n + 1;
            END LOOP;
            -- the shares that are not named take what is left
            IF n = 0 OR total > 1 + 1e-6 OR n = 4 AND total < 1 - 1e-6 THEN
                PERFORM btwin._bad_setting(argument, format('content_preferences has %s shares that sum to %s', n, total),
                                            'Needed are one to four shares: four that sum to 1, or fewer that sum to 1 at most.');
            END IF;
        WHEN 'preferred_study_times' THEN
            IF jsonb_typeof(part.value) <> 'array' OR jsonb_array_length(part.value) > 168 THEN
                PERFORM btwin._bad_setting(argument, 'preferred_study_times is not a list of at most 168 times', 'Needed is an array of {day_of_week, start_hour, end_hour, effectiveness}.');
            END IF;
            FOR element IN SELECT e.value, e.place FROM jsonb_array_elements(part.value) WITH ORDINALITY AS e (value, place) ORDER BY e.place LOOP
                IF jsonb_typeof(element.value) <> 'object' THEN
                    PERFORM btwin._bad_setting(argument, format('preferred_study_times[%s] is of type %s', element.place - 1, jsonb_typeof(element.value)), 'Needed is an object.');
                END IF;
                FOR item IN SELECT e.key FROM jsonb_object_keys(element.value) AS e (key) WHERE e.key <> ALL ('{day_of_week,start_hour,end_hour,effectiveness}') LOOP
                    PERFORM btwin._bad_setting(argument, format('preferred_study_times[%s] has a key that is not known', element.place - 1),
                                                'Known are day_of_week, start_hour, end_hour, effectiveness.');
                END LOOP;
                IF NOT (btwin._is_whole_setting(element.value -> 'start_hour', 0, 23) AND btwin._is_whole_setting(element.value -> 'end_hour', 1, 24)
                        AND (element.value -> 'start_hour')::numeric < (element.value -> 'end_hour')::numeric) THEN
                    PERFORM btwin._bad_setting(argument, format('preferred_study_times[%s] is no span of hours', element.place - 1),
                                                'Needed are whole numbers: start_hour from 0 to 23, end_hour after it, up to 24.');
                ELSIF element.value ? 'day_of_week' AND NOT btwin._is_whole_setting(element.value -> 'day_of_week', -1, 6) THEN
                    PERFORM btwin._bad_setting(argument, format('preferred_study_times[%s].day_of_week is not a whole number from -1 to 6', element.place - 1),
                                                'Needed is -1 for any day, or 0 (Sunday) to 6.');
                ELSIF element.value ? 'effectiveness' AND btwin._json_number(element.value -> 'effectiveness', 0, 1) IS NULL THEN
                    PERFORM btwin._bad_setting(argument, format('preferred_study_times[%s].effectiveness is not a number from 0 to 1', element.place - 1), 'Needed is a number from 0 to 1.');
                END IF;
            END LOOP;
        ELSE
            PERFORM btwin._bad_setting(argument, 'it has a key that is not known', 'Known are preferred_study_times, optimal_session_minutes, content_preferences, review_interval_days.');
        END CASE;
    END LOOP;
    RETURN true;
END
$check_settings_document$;
COMMENT ON FUNCTION btwin._check_settings_document(text, jsonb) IS
'Internal: PT400 bad_document unless settings of a profile have known keys and values only: preferred_study_times, optimal_session_minutes, content_preferences, review_interval_days; NULL passes.';

CREATE FUNCTION btwin._pattern_settings(learner text, recommendation_type text, pattern_ids text[], insight_ids text[]) RETURNS jsonb
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $pattern_settings$
DECLARE
    pattern     record;
    shares      float8[];
    first_hour  float8;
    last_hour   float8;
    best        text;
    measured    float8;
BEGIN
    SELECT p.pattern_type, p.pattern_data AS d, btwin._plain_number(p.confidence) AS confidence INTO pattern
    FROM btwin.behavioral_patterns p
    WHERE p.user_id = learner
      AND p.pattern_type = CASE _pattern_settings.recommendation_type WHEN 'STUDY_TIME_OPTIMIZATION' THEN 'OPTIMAL_STUDY_TIME' WHEN 'SESSION_DURATION_ADJUSTMENT' THEN 'SESSION_DURATION_PREFERENCE'
                                                                      WHEN 'CONTENT_TYPE_BALANCE' THEN 'CONTENT_TYPE_PREFERENCE' WHEN 'RETENTION_STRATEGY' THEN 'FORGETTING_CURVE' END
      AND (p.id = ANY (pattern_ids) OR p.id IN (SELECT i.pattern_id FROM btwin.insight_patterns i WHERE i.insight_id = ANY (insight_ids)))
    ORDER BY p.confidence DESC, p.id LIMIT 1;
    CASE pattern.pattern_type
    WHEN 'OPTIMAL_STUDY_TIME' THEN
        first_hour := btwin._json_number(coalesce(pattern.d -> 'startHour', pattern.d -> 'hourOfDay'), 0, 23);
        last_hour := coalesce(btwin._json_number(pattern.d -> 'endHour', 0, 24), first_hour + 1);
        IF first_hour = trunc(first_hour) AND last_hour = trunc(last_hour) AND first_hour <> last_hour THEN
            -- past midnight there are two parts of it
            RETURN jsonb_build_object('study_times', (
                SELECT jsonb_agg(jsonb_build_object('dayOfWeek', -1, 'startHour', t.first_hour, 'endHour', t.last_hour,
                                                    'effectiveness', CASE WHEN pattern.confidence BETWEEN 0 AND 1 THEN pattern.confidence END) ORDER BY t.first_hour DESC)
                FROM (VALUES (first_hour, CASE WHEN last_hour < first_hour THEN 24 ELSE last_hour END), (0, CASE WHEN last_hour < first_hour THEN last_hour ELSE 0 END)) AS t (first_hour, last_hour)
                WHERE t.first_hour < t.last_hour));
        END IF;
    WHEN 'SESSION_DURATION_PREFERENCE' THEN
        measured := btwin._json_number(pattern.d -> 'recommendedDuration');
        IF measured IS NOT NULL THEN
            RETURN jsonb_build_object('optimal_session_minutes', greatest(15, least(180, floor(measured + 0.5))));
        END IF;
    WHEN 'CONTENT_TYPE_PREFERENCE' THEN
        best := CASE pattern.d ->> 'topContentType' WHEN 'lecture' THEN 'lectures' WHEN 'flashcard' THEN 'flashcards' WHEN 'clinicalReasoning' THEN 'clinical_reasoning'
                                                    ELSE pattern.d ->> 'topContentType' END;
        measured := btwin._json_number(coalesce(pattern.d -> 'recommendedShare', pattern.d -> 'effectiveness'), 0, 1);
        shares := btwin._shares(pattern.d -> 'contentPreferences', '{lectures,flashcards,validation,clinicalReasoning}', '{lectures,flashcards,validation,clinical_reasoning}');
        IF best = ANY ('{lectures,flashcards,validation,clinical_reasoning}') AND measured IS NOT NULL THEN
            RETURN jsonb_build_object('content_preferences', jsonb_build_object(best, measured));
        ELSIF shares IS NOT NULL THEN
            RETURN jsonb_build_object('content_preferences', jsonb_build_object('lectures', shares[1], 'flashcards', shares[2], 'validation', shares[3], 'clinical_reasoning', shares[4]));
        END IF;
    WHEN 'FORGETTING_CURVE' THEN
        measured := coalesce(btwin._json_number(pattern.d -> 'reviewIntervalDays'), 0.7 * btwin._json_number(pattern.d -> 'halfLife'));
        IF measured IS NOT NULL THEN
            RETURN jsonb_build_object('review_interval_days', greatest(1, least(365, floor(measured + 0.5))));
        END IF;
    ELSE
        NULL;
    END CASE;
    RETURN '{}';
END
$pattern_settings$;
COMMENT ON FUNCTION btwin._pattern_settings(text, text, text[], text[]) IS
'Internal: the setting a recommendation of this type asks for, from the surest pattern it came from, by itself or through an insight: study_times [{dayOfWeek -1, startHour, endHour, effectiveness: the pattern''s confidence}], two of them where the hours pass midnight; optimal_session_minutes, 15 to 180; content_preferences: the best type with the share that is recommended, else all shares; review_interval_days: what the pattern says, else 0.7 of the half-life, rounded, 1 to 365. {} where the pattern is gone or does not say.';

-- Shares that are given take their part, the others share the rest as they did before.
CREATE FUNCTION btwin._share_settings(stored jsonb, given jsonb) RETURNS float8[]
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $share_settings$
DECLARE
    names   CONSTANT text[] := '{lectures,flashcards,validation,clinical_reasoning}';
    before  float8[] := coalesce(btwin._shares(stored, '{lectures,flashcards,validation,clinicalReasoning}', names), '{0.25,0.25,0.25,0.25}');
    parts   float8[] := ARRAY(SELECT btwin._json_number(given -> n) FROM unnest(names) WITH ORDINALITY AS u (n, place) ORDER BY place);
    taken   float8 := (SELECT sum(p) FROM unnest(parts) AS p);
    left_by float8 := (SELECT sum(b) FROM unnest(before, parts) AS u (b, p) WHERE p IS NULL);
    open    integer := (SELECT count(*) FROM unnest(parts) AS p WHERE p IS NULL);
BEGIN
    IF open = 0 THEN
        RETURN ARRAY(SELECT p / taken FROM unnest(parts) WITH ORDINALITY AS u (p, place) ORDER BY place);
    END IF;
    RETURN ARRAY(SELECT coalesce(p, greatest(0, 1 - taken) * CASE WHEN left_by > 0 THEN b / left_by ELSE 1.0 / open END)
                 FROM unnest(before, parts) WITH ORDINALITY AS u (b, p, place) ORDER BY place);
END
$share_settings$;
COMMENT ON FUNCTION btwin._share_settings(jsonb, jsonb) IS
'Internal: shares of lectures, flashcards, validation and clinical reasoning, with those that are given; the others keep their proportions.';

CREATE FUNCTION btwin._apply_settings(learner text, settings jsonb) RETURNS jsonb
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $apply_settings$
DECLARE
    before  record;
    times   jsonb;
    minutes integer;
    content jsonb;
    curve   jsonb;
    shares  float8[];
BEGIN
    SELECT p.id, p.preferred_study_times, p.optimal_session_duration, p.content_preferences, p.personalized_forgetting_curve INTO before
    FROM btwin.user_learning_profiles p WHERE p.user_id = learner FOR UPDATE OF p;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    times := before.preferred_study_times;
    minutes := coalesce(btwin._json_number(settings -> 'optimal_session_minutes')::integer, before.optimal_session_duration);
    content := before.content_preferences;
    curve := before.personalized_forgetting_curve;
    IF settings ? 'preferred_study_times' THEN
        times := (SELECT coalesce(jsonb_agg(jsonb_build_object('dayOfWeek', coalesce(e.value -> 'day_of_week', '-1'), 'startHour', e.value -> 'start_hour', 'endHour', e.value -> 'end_hour',
                                                               'effectiveness', e.value -> 'effectiveness') ORDER BY e.place), '[]')
                  FROM jsonb_array_elements(settings -> 'preferred_study_times') WITH ORDINALITY AS e (value, place));
    ELSIF settings ? 'study_times' THEN
        times := CASE jsonb_typeof(times) WHEN 'array' THEN times ELSE '[]' END;
        -- once: whatever else is said of that time stays
        times := times || (SELECT coalesce(jsonb_agg(e.value ORDER BY e.place), '[]') FROM jsonb_array_elements(settings -> 'study_times') WITH ORDINALITY AS e (value, place)
                           WHERE NOT times @> jsonb_build_array(e.value - 'effectiveness'));
    END IF;
    IF settings ? 'content_preferences' THEN
        shares := btwin._share_settings(content, settings -> 'content_preferences');
        content := CASE jsonb_typeof(content) WHEN 'object' THEN content - 'clinical_reasoning' ELSE '{}' END
                || jsonb_build_object('lectures', shares[1], 'flashcards', shares[2], 'validation', shares[3], 'clinicalReasoning', shares[4]);
    END IF;
    IF settings ? 'review_interval_days' THEN
        curve := CASE jsonb_typeof(curve) WHEN 'object' THEN curve ELSE '{}' END || jsonb_build_object('recommendedReviewInterval', settings -> 'review_interval_days');
    END IF;
    IF (times, minutes, content, curve)
       IS DISTINCT FROM (before.preferred_study_times, before.optimal_session_duration, before.content_preferences, before.personalized_forgetting_curve) THEN
        UPDATE btwin.user_learning_profiles p
        SET preferred_study_times = times, optimal_session_duration = minutes, content_preferences = content, personalized_forgetting_curve = curve
        WHERE p.user_id = learner AND p.id = before.id;
    END IF;
    IF minutes IS DISTINCT FROM before.optimal_session_duration THEN
        -- the interval was that of a length that no longer stands there
        UPDATE btwin.provenance v SET low = NULL, high = NULL
        WHERE v.user_id = learner AND v.kind = 'user_learning_profiles' AND v.id = before.id AND num_nonnulls(v.low, v.high) > 0;
    END IF;
    RETURN jsonb_build_object(
        'preferred_study_times',
        CASE WHEN settings ?| '{preferred_study_times,study_times}'
             THEN (SELECT coalesce(jsonb_agg(jsonb_build_object('day_of_week', coalesce(btwin._json_number(e.value -> 'dayOfWeek'), -1), 'start_hour', btwin._json_number(e.value -> 'startHour'),
                                                                'end_hour', btwin._json_number(e.value -> 'endHour'), 'effectiveness', btwin._json_number(e.value -> 'effectiveness')) ORDER BY e.place), '[]')
                   FROM jsonb_array_elements(times) WITH ORDINALITY AS e (value, place)) END,
        'optimal_session_minutes', CASE WHEN settings ? 'optimal_session_minutes' THEN minutes END,
        'content_preferences',
        CASE WHEN settings ? 'content_preferences'
             THEN jsonb_build_object('lectures', shares[1], 'flashcards', shares[2], 'validation', shares[3], 'clinical_reasoning', shares[4]) END,
        'review_interval_days', btwin._json_number(settings -> 'review_interval_days')::integer);
END
$apply_settings$;
COMMENT ON FUNCTION btwin._apply_settings(text, jsonb) IS
'Internal: writes settings (those of btwin._check_settings_document, and study_times, which join the list) to the learner''s profile, where they differ from what stands there, and returns what stands there now: {preferred_study_times, optimal_session_minutes, content_preferences, review_interval_days}, NULL what was not set; NULL where there is no profile.';

-- Insights

CREATE FUNCTION btwin_api.acknowledge_insight(user_id text DEFAULT NULL, insight_id text DEFAULT NULL, applied boolean DEFAULT false) RETURNS jsonb
LANGUAGE plpgsql VOLATILE COST 1000
SET search_path = pg_catalog, pg_temp
AS $acknowledge_insight$
#variable_conflict use_column
DECLARE
    moment  timestamptz := date_trunc('milliseconds', now());
    learner text;
    before  record;
    changed boolean;
BEGIN
    PERFORM btwin._need('insight_id', acknowledge_insight.insight_id IS NOT NULL);
    PERFORM btwin._need('applied', acknowledge_insight.applied IS NOT NULL);
    learner := btwin._caller(acknowledge_insight.user_id, true, true);
    PERFORM btwin._begin_write(learner);
    SELECT i.acknowledged_at, i.applied INTO before
    FROM btwin.behavioral_insights i WHERE i.user_id = learner AND i.id IS NOT DISTINCT FROM acknowledge_insight.insight_id FOR UPDATE OF i;
    IF NOT FOUND THEN
        PERFORM btwin._refuse_foreign();
    END IF;
    changed := before.acknowledged_at IS NULL OR acknowledge_insight.applied AND NOT before.applied;
    IF changed THEN
        UPDATE btwin.behavioral_insights i SET acknowledged_at = coalesce(before.acknowledged_at, moment), applied = before.applied OR acknowledge_insight.applied
        WHERE i.id = acknowledge_insight.insight_id AND i.user_id = learner;
    END IF;
    RETURN jsonb_build_object('id', acknowledge_insight.insight_id, 'acknowledged_at', coalesce(before.acknowledged_at, moment),
                              'applied', before.applied OR acknowledge_insight.applied, 'changed', changed);
END
$acknowledge_insight$;
COMMENT ON FUNCTION btwin_api.acknowledge_insight(text, text, boolean) IS
'The learner has taken note of an insight, or acted on it.
Arguments. user_id: learner, default the caller. insight_id: the insight; required. applied: the learner acted on it; false.
Keys. id; acknowledged_at: when it was acknowledged first; applied: whether the learner acted on it, now or before; changed: whether this call changed anything.
Idempotent: the first acknowledged_at stays, applied goes from false to true only.
Errors: PT400 missing_argument, user_required; PT403 no_claim, forbidden, analysis_disabled; PT404 unknown_learner, unknown_id; 25006 where nothing can be written.
Epic 5 domain model, 2.10 and 3.3. Writes behavioral_insights.';

-- Recommendations

CREATE FUNCTION btwin_api.apply_recommendation(user_id text DEFAULT NULL, recommendation_id text DEFAULT NULL, application_type text DEFAULT 'MANUAL',
    settings jsonb DEFAULT NULL, idempotency_key text DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql VOLATILE COST 5000
SET search_path = pg_catalog, pg_temp
AS $apply_recommendation$
#variable_conflict use_column
DECLARE
    moment      timestamptz := now();
    written_at  timestamptz := date_trunc('milliseconds', moment);
    learner     text;
    arguments   jsonb := jsonb_build_object('recommendation_id', apply_recommendation.recommendation_id, 'application_type', apply_recommendation.application_type,
                                            'settings', apply_recommendation.settings);
    answer      jsonb;
    advice      record;
    metrics     jsonb;
    wanted      jsonb;
    updated     jsonb;
    new_id      text;
BEGIN
    PERFORM btwin._need('recommendation_id', apply_recommendation.recommendation_id IS NOT NULL);
    PERFORM btwin._need('application_type', apply_recommendation.application_type IS NOT NULL);
    PERFORM btwin._check_enum('application_type', apply_recommendation.application_type, 'ApplicationType');
    PERFORM btwin._check_settings_document('settings', apply_recommendation.settings);
    PERFORM btwin._check_key(apply_recommendation.idempotency_key);
    learner := btwin._caller(apply_recommendation.user_id, true, true);
    PERFORM btwin._begin_write(learner);
    answer := btwin._replay(learner, 'apply_recommendation', apply_recommendation.idempotency_key, arguments);
    IF answer IS NOT NULL THEN
        RETURN answer;
    END IF;
    SELECT r.recommendation_type, r.status, r.applied_at, r.dismissed_at, r.source_pattern_ids, r.source_insight_ids INTO advice
    FROM btwin.recommendations r WHERE r.user_id = learner AND r.id IS NOT DISTINCT FROM apply_recommendation.recommendation_id FOR UPDATE OF r;
    IF NOT FOUND THEN
        PERFORM btwin._refuse_foreign();
    ELSIF advice.applied_at IS NOT NULL THEN
        PERFORM btwin._refuse('PT409', 'already_applied', 'the recommendation was applied before', 'What came of it: btwin_api.recommendations(include_applied => true).');
    ELSIF advice.status = 'DISMISSED' OR advice.dismissed_at IS NOT NULL THEN
        PERFORM btwin._refuse('PT409', 'already_dismissed', 'the recommendation was dismissed', 'Open ones: btwin_api.recommendations().');
    END IF;

    metrics := btwin._study_metrics(learner, moment);
    IF apply_recommendation.application_type = 'AUTO' THEN
        -- what the caller says goes before what the pattern says
        wanted := btwin._pattern_settings(learner, advice.recommendation_type, advice.source_pattern_ids, advice.source_insight_ids) || coalesce(apply_recommendation.settings, '{}');
        IF wanted <> '{}' THEN
            updated := btwin._apply_settings(learner, wanted);
        END IF;
    END IF;
    new_id := btwin._new_id();
    INSERT INTO btwin.applied_recommendations (id, user_id, recommendation_id, application_type, baseline_metrics, applied_at)
    VALUES (new_id, learner, apply_recommendation.recommendation_id, apply_recommendation.application_type, metrics, written_at);
    UPDATE btwin.recommendations r SET applied_at = written_at WHERE r.id = apply_recommendation.recommendation_id AND r.user_id = learner;
    RETURN btwin._remember(learner, 'apply_recommendation', apply_recommendation.idempotency_key, arguments, jsonb_build_object(
        'id', apply_recommendation.recommendation_id, 'application_id', new_id, 'application_type', apply_recommendation.application_type, 'applied_at', written_at,
        'baseline_metrics', jsonb_build_object('avg_confidence', metrics -> 'avgConfidence', 'behavioral_score', metrics -> 'behavioralScore',
                                               'session_count', metrics -> 'sessionCount', 'captured_at', written_at),
        'updated_settings', updated,
        'evaluate_after', written_at + interval '336 hours'));
END
$apply_recommendation$;
COMMENT ON FUNCTION btwin_api.apply_recommendation(text, text, text, jsonb, text) IS
'Applies a recommendation: what it is measured by is noted, to be compared after 14 days.
Arguments. user_id: learner, default the caller. recommendation_id: the recommendation; required. application_type: AUTO (the profile is changed by it), MANUAL (default: the learner does it), REMINDER, GOAL. settings: an object, with AUTO put into the profile before what the source pattern says, else only checked; all keys are optional: preferred_study_times (array of up to 168 {start_hour 0 to 23, end_hour after it up to 24, day_of_week -1 (any, the default) to 6, effectiveness 0 to 1}, replaces the list), optimal_session_minutes (15 to 180), content_preferences ({lectures, flashcards, validation, clinical_reasoning}: four shares that sum to 1, or fewer; the others keep their proportions), review_interval_days (1 to 365). idempotency_key: 1 to 200 characters.
AUTO takes from the surest pattern the recommendation came from: STUDY_TIME_OPTIMIZATION its hours, which join the preferred times with the confidence of the pattern; SESSION_DURATION_ADJUSTMENT its minutes; CONTENT_TYPE_BALANCE the share of the best type, or all shares; RETENTION_STRATEGY its review interval, else 0.7 of its half-life; other types the settings alone.
Keys. id; application_id; application_type; applied_at; baseline_metrics {avg_confidence: mean confidence of the patterns 0 to 1 or null, behavioral_score: data quality of the profile 0 to 1 or null, session_count: sessions begun in the last 168 hours, captured_at}; updated_settings: what stands in the profile now {preferred_study_times, optimal_session_minutes, content_preferences, review_interval_days; null what was not set}, null without AUTO, without a profile, and where neither pattern nor settings say anything; evaluate_after: applied_at + 14 days.
Idempotent by key. Of two calls at a time one applies it.
Errors: PT400 missing_argument, not_allowed_value, bad_document, out_of_range, user_required; PT403 no_claim, forbidden, analysis_disabled; PT404 unknown_learner, unknown_id; PT409 already_applied, already_dismissed, key_reused; 25006 where nothing can be written.
Epic 5 domain model, 2.29. Writes recommendations, applied_recommendations; AUTO: user_learning_profiles, btwin.provenance; with a key btwin.api_call.';

CREATE FUNCTION btwin_api.dismiss_recommendation(user_id text DEFAULT NULL, recommendation_id text DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql VOLATILE COST 1000
SET search_path = pg_catalog, pg_temp
AS $dismiss_recommendation$
#variable_conflict use_column
DECLARE
    moment  timestamptz := date_trunc('milliseconds', now());
    learner text;
    before  record;
BEGIN
    PERFORM btwin._need('recommendation_id', dismiss_recommendation.recommendation_id IS NOT NULL);
    learner := btwin._caller(dismiss_recommendation.user_id, true, true);
    PERFORM btwin._begin_write(learner);
    SELECT r.status, r.applied_at, r.dismissed_at, r.status <> 'DISMISSED' AS is_open INTO before
    FROM btwin.recommendations r WHERE r.user_id = learner AND r.id IS NOT DISTINCT FROM dismiss_recommendation.recommendation_id FOR UPDATE OF r;
    IF NOT FOUND THEN
        PERFORM btwin._refuse_foreign();
    ELSIF before.applied_at IS NOT NULL THEN
        PERFORM btwin._refuse('PT409', 'already_applied', 'the recommendation was applied', 'What was applied cannot be dismissed.');
    END IF;
    IF before.is_open THEN
        before.dismissed_at := coalesce(before.dismissed_at, moment);
        UPDATE btwin.recommendations r SET status = 'DISMISSED', dismissed_at = before.dismissed_at
        WHERE r.id = dismiss_recommendation.recommendation_id AND r.user_id = learner;
    END IF;
    RETURN jsonb_build_object('id', dismiss_recommendation.recommendation_id, 'status', 'DISMISSED', 'dismissed_at', before.dismissed_at, 'changed', before.is_open);
END
$dismiss_recommendation$;
COMMENT ON FUNCTION btwin_api.dismiss_recommendation(text, text) IS
'Dismisses a recommendation: it is not listed any more.
Arguments. user_id: learner, default the caller. recommendation_id: the recommendation; required.
Keys. id; status: DISMISSED; dismissed_at: when it was dismissed first, null where the application dismissed it and did not say when; changed: whether this call changed anything.
Idempotent: the first dismissed_at stays.
Errors: PT400 missing_argument, user_required; PT403 no_claim, forbidden, analysis_disabled; PT404 unknown_learner, unknown_id; PT409 already_applied; 25006 where nothing can be written.
Epic 5 domain model, 2.29. Writes recommendations.';

-- What came of it

CREATE FUNCTION btwin._analyze_recommendation_effects(learner text, moment timestamptz) RETURNS jsonb
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $analyze_recommendation_effects$
DECLARE
    due     text[];
    metrics jsonb;
    counted record;
BEGIN
    due := ARRAY(SELECT a.id FROM btwin.applied_recommendations a
                 WHERE a.user_id = learner AND a.evaluated_at IS NULL AND a.applied_at <= moment - interval '336 hours');
    IF cardinality(due) = 0 THEN
        RETURN jsonb_build_object('evaluated', 0, 'not_comparable', 0);
    END IF;
    metrics := btwin._study_metrics(learner, moment);
    WITH evaluated AS (
        UPDATE btwin.applied_recommendations a
        SET current_metrics = metrics, effectiveness = btwin._metrics_effect(a.baseline_metrics, metrics), evaluated_at = date_trunc('milliseconds', moment)
        WHERE a.user_id = learner AND a.id = ANY (due) AND a.evaluated_at IS NULL
        RETURNING a.effectiveness
    )
    SELECT count(*) AS n, count(*) FILTER (WHERE e.effectiveness IS NULL) AS unknown INTO counted FROM evaluated AS e;
    RETURN jsonb_build_object('evaluated', counted.n, 'not_comparable', counted.unknown);
END
$analyze_recommendation_effects$;
COMMENT ON FUNCTION btwin._analyze_recommendation_effects(text, timestamptz) IS
'Internal: evaluates the learner''s recommendations that were applied 14 days (336 hours) before the moment or earlier and were not evaluated yet: current_metrics, effectiveness (btwin._metrics_effect; NULL where nothing can be compared), evaluated_at. A comparison of before and after, without a control. Returns {evaluated, not_comparable: of those}. Epic 5 domain model, 2.29.';

INSERT INTO btwin.analysis_step (position, step, function, comment) VALUES
    (80, 'recommendation_effects', 'btwin._analyze_recommendation_effects', 'what came of recommendations that were applied two weeks ago');
