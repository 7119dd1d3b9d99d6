-- When to study, and what a session is made of: recommended times of a day, and the
-- plan of a mission's session with its length, breaks and content.

INSERT INTO btwin.phrase (locale, key, phrase) VALUES
    ('en', 'slot.evidence',             'Sessions begun at %s: %s, with a mean score of %s of 100.'),
    ('en', 'slot.default',              'Too little is known of when you study well: a usual time.'),
    ('en', 'slot.free',                 'Nothing else stands in the calendar then.'),
    ('en', 'slot.conflict',             'Blocks of the calendar in the way: %s.'),
    ('en', 'slot.preferred',            'It is one of your preferred times.'),
    ('en', 'slot.recent',               'Sessions at this hour in the last seven days: %s.'),
    ('en', 'plan.time.given',           'Starts at the time that was asked for.'),
    ('en', 'plan.time.now',             'Starts now: no other time was asked for.'),
    ('en', 'plan.time.best',            'The hour of the start is one of your best.'),
    ('en', 'plan.time.worse',           'You do better at other hours.'),
    ('en', 'plan.time.unknown',         'How well you do at this hour is not known.'),
    ('en', 'plan.length.profile',       'Your usual best length: %s minutes.'),
    ('en', 'plan.length.default',       'No best length is known of you: %s minutes to begin with.'),
    ('en', 'plan.length.BASIC',         'One objective: %s minutes.'),
    ('en', 'plan.length.INTERMEDIATE',  'Two or three objectives: %s minutes.'),
    ('en', 'plan.length.ADVANCED',      'More than three objectives: %s minutes.'),
    ('en', 'plan.length.hour',          'For the hour of the start: %s minutes.'),
    ('en', 'plan.length.week_full',     'You studied more than 20 hours in the last week: %s minutes.'),
    ('en', 'plan.length.week_empty',    'You studied less than 5 hours in the last week: %s minutes.'),
    ('en', 'plan.length.intensity',     'For the intensity: %s minutes.'),
    ('en', 'plan.length.range',         'Good lengths lie between %s and %s minutes.'),
    ('en', 'plan.length.given',         'The length was asked for: %s minutes.'),
    ('en', 'plan.intensity.given',      'The intensity was asked for.'),
    ('en', 'plan.intensity.load',       'The load from study history is %s of 100.'),
    ('en', 'plan.intensity.unknown',    'The load from study history is not known.'),
    ('en', 'plan.intensity.LOW',        'Two breaks more, and nothing new.'),
    ('en', 'plan.intensity.HIGH',       'There is room for more.'),
    ('en', 'plan.breaks',               'A break after every %s minutes.'),
    ('en', 'plan.breaks.none',          'So short that it needs no break.'),
    ('en', 'plan.content.WARM_UP',      'Easy cards that are due to warm up: %s.'),
    ('en', 'plan.content.PEAK',         'New and demanding things while attention is best: %s.'),
    ('en', 'plan.content.WIND_DOWN',    'Cards of medium difficulty that are due to end with: %s.'),
    ('en', 'plan.content.none',         'No card and no question belongs to the objectives.');

-- Blocks of a calendar as the caller hands them over

CREATE FUNCTION btwin._busy_rows(busy jsonb) RETURNS TABLE (place bigint, event_id text, start_at timestamptz, end_at timestamptz, summary text, is_cancelled boolean)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 50
SET search_path = pg_catalog, pg_temp
AS $busy_rows$
SELECT e.place, e.element ->> 'event_id', btwin._json_moment(e.element ->> 'start_at'), btwin._json_moment(e.element ->> 'end_at'), e.element ->> 'summary',
       coalesce(e.element -> 'cancelled' = 'true', false)
FROM jsonb_array_elements(busy) WITH ORDINALITY AS e (element, place)
$busy_rows$;
COMMENT ON FUNCTION btwin._busy_rows(jsonb) IS
'Internal: the blocks of a document that btwin._check_busy() passes.';

CREATE FUNCTION btwin._check_busy(argument text, busy jsonb) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $check_busy$
DECLARE
    most    CONSTANT integer := 2000;
    hint    CONSTANT text := 'Needed is an array of at most 2000 objects {event_id, start_at, end_at, summary, cancelled}: event_id a text of 1 to 200 characters, each once; '
                             'start_at before end_at, as 2026-03-16T12:00:00Z or with an offset; summary a text of at most 500 characters or null; cancelled true, false or null.';
    what    text;
BEGIN
    IF busy IS NULL THEN
        RETURN true;
    ELSIF jsonb_typeof(busy) <> 'array' THEN
        what := format('is a JSON %s', jsonb_typeof(busy));
    ELSIF jsonb_array_length(busy) > most THEN
        what := format('has %s elements', jsonb_array_length(busy));
    ELSE
        SELECT format('has an element that is no block, the one at %s: %s', e.place - 1, f.fault) INTO what
        FROM jsonb_array_elements(busy) WITH ORDINALITY AS e (element, place)
        CROSS JOIN LATERAL (
            SELECT CASE WHEN jsonb_typeof(e.element) <> 'object' THEN 'it is a JSON ' || jsonb_typeof(e.element)
                        WHEN e.element - '{event_id,start_at,end_at,summary,cancelled}'::text[] <> '{}' THEN 'a key that is not known'
                        WHEN jsonb_typeof(e.element -> 'event_id') IS DISTINCT FROM 'string' OR length(e.element ->> 'event_id') NOT BETWEEN 1 AND 200 THEN 'event_id'
                        WHEN jsonb_typeof(e.element -> 'start_at') IS DISTINCT FROM 'string' OR btwin._json_moment(e.element ->> 'start_at') IS NULL THEN 'start_at'
                        WHEN jsonb_typeof(e.element -> 'end_at') IS DISTINCT FROM 'string' OR btwin._json_moment(e.element ->> 'end_at') IS NULL THEN 'end_at'
                        WHEN btwin._json_moment(e.element ->> 'start_at') >= btwin._json_moment(e.element ->> 'end_at') THEN 'start_at is not before end_at'
                        WHEN jsonb_typeof(e.element -> 'summary') NOT IN ('string', 'null') OR length(e.element ->> 'summary') > 500 THEN 'summary'
                        WHEN jsonb_typeof(e.element -> 'cancelled') NOT IN ('boolean', 'null') THEN 'cancelled' END
        ) AS f (fault)
        WHERE f.fault IS NOT NULL ORDER BY e.place LIMIT 1;
        IF what IS NULL AND EXISTS (SELECT FROM jsonb_array_elements(busy) AS e (element) GROUP BY e.element ->> 'event_id' HAVING count(*) > 1) THEN
            what := 'names an event_id twice';
        END IF;
    END IF;
    IF what IS NOT NULL THEN
        PERFORM btwin._refuse('PT400', 'bad_document', format('argument "%s" %s', argument, what), hint, argument);
    END IF;
    RETURN true;
END
$check_busy$;
COMMENT ON FUNCTION btwin._check_busy(text, jsonb) IS
'Internal: PT400 bad_document unless a document is an array of blocks of a calendar; NULL passes.';

CREATE FUNCTION btwin._busy_blocks(learner text, given jsonb, from_at timestamptz, to_at timestamptz)
RETURNS TABLE (event_id text, start_at timestamptz, end_at timestamptz)
LANGUAGE sql STABLE ROWS 20
SET search_path = pg_catalog, pg_temp
AS $busy_blocks$
SELECT b.event_id, b.start_at, b.end_at
FROM btwin.calendar_busy AS b
WHERE b.user_id = learner AND b.start_at < to_at AND b.end_at > from_at
  AND NOT EXISTS (SELECT FROM btwin._busy_rows(given) AS g WHERE g.event_id = b.event_id)
UNION ALL
SELECT g.event_id, g.start_at, g.end_at
FROM btwin._busy_rows(given) AS g WHERE NOT g.is_cancelled AND g.start_at < to_at AND g.end_at > from_at
$busy_blocks$;
COMMENT ON FUNCTION btwin._busy_blocks(text, jsonb, timestamptz, timestamptz) IS
'Internal: blocks of the learner''s calendar that overlap [from_at, to_at): the stored ones, and those given, which take the place of stored ones with their event_id.';

-- Times of a day (2.32)

CREATE FUNCTION btwin._study_hours(learner text, method text, zone text, moment timestamptz)
RETURNS TABLE (hour integer, session_count integer, score float8, confidence float8, is_worse boolean)
LANGUAGE plpgsql STABLE COST 2000 ROWS 8
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan
AS $study_hours$
#variable_conflict use_column
DECLARE
    since       timestamptz := moment - interval '1008 hours';
    -- reviews of a session lie within a day of it
    joined_from timestamptz := since - interval '24 hours';
    hours       btwin.pattern;
BEGIN
    IF method = 'btwin' THEN
        hours := btwin.learner_pattern(learner, 'hour', moment);
        RETURN QUERY
        -- the effect is over the others; over all of them it is their share of that
        SELECT b.bucket::integer, b.evidence_count::integer, 100 * greatest(least(b.usual + coalesce(b.shrunk_effect * (1 - b.weight / b.total), 0), 1), 0), coalesce(b.confidence, 0),
               coalesce(b.effect_high < 0, false)
        FROM (SELECT w.*, sum(w.weight) OVER () AS total, sum(w.mean * w.weight) OVER () / sum(w.weight) OVER () AS usual
              FROM btwin.buckets(hours, 3, 24) AS w WHERE w.weight > 0) AS b
        ORDER BY b.bucket::integer;
        RETURN;
    END IF;
    RETURN QUERY
    WITH session AS (
        SELECT s.id, s.started_at, greatest(s.duration_ms, 0) AS duration_ms, greatest(s.reviews_completed, 0) AS reviews_completed,
               CASE jsonb_typeof(s.objective_completions) WHEN 'array' THEN s.objective_completions ELSE '[]' END AS completions
        FROM btwin.study_sessions_window(learner, since, moment) AS s WHERE s.completed_at <= moment
    ), remembered AS (
        SELECT r.session_id, array_agg(btwin._plain_number(r.stability_after) ORDER BY r.reviewed_at, r.id) AS stability
        FROM btwin.reviews_window(learner, joined_from, moment) AS r WHERE r.session_id IS NOT NULL AND r.stability_after BETWEEN 0 AND 1e9 GROUP BY r.session_id
    ), rated AS (
        SELECT s.started_at,
               btwin.epic5_session_performance(ARRAY(SELECT btwin._json_number(e.element -> 'selfAssessment', 0, 5) FROM jsonb_array_elements(s.completions) AS e (element))) AS performance,
               btwin.epic5_retention_score(r.stability) AS retention,
               btwin.epic5_session_completion(ARRAY(SELECT coalesce(e.element ->> 'completedAt', '') <> '' FROM jsonb_array_elements(s.completions) AS e (element))) AS completion,
               btwin.epic5_session_engagement(s.reviews_completed, s.duration_ms) AS engagement
        FROM session AS s LEFT JOIN remembered AS r ON r.session_id = s.id
    )
    SELECT h.hour_of_day, h.session_count, h.time_of_day_score, h.confidence, false
    FROM (SELECT array_agg(t.started_at ORDER BY t.started_at) AS at, array_agg(t.performance ORDER BY t.started_at) AS performance, array_agg(t.retention ORDER BY t.started_at) AS retention,
                 array_agg(t.completion ORDER BY t.started_at) AS completion, array_agg(t.engagement ORDER BY t.started_at) AS engagement
          FROM rated AS t) AS a
    CROSS JOIN LATERAL btwin.epic5_optimal_study_time(a.at, a.performance, a.retention, a.completion, a.engagement, zone) WITH ORDINALITY
               AS h (hour_of_day, session_count, avg_performance_score, avg_retention, completion_rate, avg_engagement, time_of_day_score, confidence, place)
    ORDER BY h.place;
END
$study_hours$;
COMMENT ON FUNCTION btwin._study_hours(text, text, text, timestamptz) IS
'Internal: how well the learner studies by hour of the learner''s clock, 0 to 100. btwin: every hour with a scored session of 182 days, its score expected under the posterior, confidence that it is one of the better three in a row (doc/pattern.md), is_worse: its whole interval lies below the others. epic5: the up to three best of six weeks (Epic 5 domain model, 2.2), best first.';

CREATE FUNCTION btwin._study_slots(learner text, method text, for_date date, busy jsonb, zone text, moment timestamptz)
RETURNS TABLE (start_at timestamptz, end_at timestamptz, minutes integer, score float8, confidence float8, hour integer, session_count integer, hour_score float8,
               recent_count integer, is_preferred boolean, is_default boolean, conflicts jsonb)
LANGUAGE plpgsql STABLE COST 3000 ROWS 8
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan
AS $study_slots$
#variable_conflict use_column
DECLARE
    week_ago    timestamptz := moment - interval '168 hours';
    that_day    integer := extract(dow FROM for_date);
    is_old      boolean := method = 'epic5';
    preferred   jsonb := (SELECT CASE jsonb_typeof(u.preferred_study_times) WHEN 'array' THEN u.preferred_study_times END
                          FROM btwin.user_learning_profiles u WHERE u.user_id = learner);
BEGIN
    RETURN QUERY
    WITH hours AS MATERIALIZED (
        SELECT h.* FROM btwin._study_hours(learner, method, zone, moment) AS h
    ), recent AS (
        SELECT extract(hour FROM s.started_at AT TIME ZONE zone)::integer AS hour, count(*)::integer AS n
        FROM btwin.study_sessions_window(learner, week_ago, moment) AS s WHERE s.completed_at <= moment GROUP BY 1
    ), wished AS (
        SELECT btwin._json_number(coalesce(e.element -> 'dayOfWeek', e.element -> 'day_of_week')) AS weekday,
               btwin._json_number(coalesce(e.element -> 'startHour', e.element -> 'start_hour')) AS start_hour,
               btwin._json_number(coalesce(e.element -> 'endHour', e.element -> 'end_hour')) AS end_hour
        FROM jsonb_array_elements(preferred) AS e (element)
    ), slot AS (
        SELECT h.hour, h.session_count, h.score AS hour_score, h.confidence, 60 AS minutes, coalesce(r.n, 0) AS recent_count, false AS is_default,
               -- -1 is any day, which the reference overlooks
               EXISTS (SELECT FROM wished AS w WHERE (w.weekday = that_day OR w.weekday = -1 AND NOT is_old) AND h.hour >= w.start_hour AND h.hour < w.end_hour) AS is_preferred
        FROM hours AS h LEFT JOIN recent AS r ON r.hour = h.hour
        UNION ALL
        SELECT d.hour, 0, d.score, 0.4, 120, 0, true, false
        FROM (VALUES (7, 75), (18, 70)) AS d (hour, score) WHERE NOT EXISTS (SELECT FROM hours)
    ), timed AS (
        SELECT s.*, t.start_at, t.start_at + s.minutes * interval '1 minute' AS end_at
        FROM slot AS s CROSS JOIN LATERAL (SELECT (for_date + make_interval(hours => s.hour)) AT TIME ZONE zone) AS t (start_at)
    ), checked AS (
        SELECT t.*, c.conflicts,
               CASE WHEN t.is_default THEN t.hour_score - CASE WHEN c.conflicts IS NOT NULL AND NOT is_old THEN 30 ELSE 0 END
                    ELSE 0.4 * t.hour_score + 0.3 * CASE WHEN c.conflicts IS NULL THEN 100 ELSE 0 END + 0.2 * CASE WHEN t.is_preferred THEN 100 ELSE 50 END
                         + 0.1 * least(100, 100 * t.recent_count / 3.0::float8) END AS score
        FROM timed AS t
        CROSS JOIN LATERAL (SELECT jsonb_agg(jsonb_build_object('event_id', b.event_id, 'start_at', b.start_at, 'end_at', b.end_at) ORDER BY b.start_at, b.event_id)
                            FROM btwin._busy_blocks(learner, busy, t.start_at, t.end_at) AS b) AS c (conflicts)
        WHERE is_old OR t.start_at >= moment
    )
    SELECT c.start_at, c.end_at, c.minutes, c.score, c.confidence, c.hour, c.session_count, c.hour_score, c.recent_count, c.is_preferred, c.is_default, c.conflicts
    FROM (SELECT k.*, count(*) FILTER (WHERE k.conflicts IS NULL) OVER () AS free FROM checked AS k) AS c
    WHERE c.is_default OR CASE WHEN is_old THEN c.confidence >= 0.5 ELSE c.conflicts IS NULL OR c.free < 3 END
    ORDER BY c.score DESC, c.start_at;
END
$study_slots$;
COMMENT ON FUNCTION btwin._study_slots(text, text, date, jsonb, text, timestamptz) IS
'Internal: times of a day to study (Epic 5 domain model, 2.32), best first: 0.4 the hour''s score + 0.3 availability + 0.2 preference + 0.1 sessions of 7 days at that hour. epic5: confidence 0.5 or more. btwin: none that has begun; where three or more are free, only those. Without any hour two usual times.';

CREATE FUNCTION btwin._utc_text(moment timestamptz) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $utc_text$
SELECT pg_catalog.to_char(moment AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
$utc_text$;
COMMENT ON FUNCTION btwin._utc_text(timestamptz) IS
'Internal: a moment as documents of the application have it, whatever the session''s settings.';

CREATE FUNCTION btwin_api.orchestration_recommendations(user_id text DEFAULT NULL, for_date date DEFAULT NULL, busy jsonb DEFAULT NULL, max_rows integer DEFAULT 5,
    method_is text DEFAULT 'btwin', as_of timestamptz DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER COST 5000
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan
AS $orchestration_recommendations$
#variable_conflict use_column
DECLARE
    version     text := CASE orchestration_recommendations.method_is WHEN 'btwin' THEN 'schedule-1' ELSE 'epic5-1' END;
    moment      timestamptz;
    learner     text;
    zone        text;
    today       date;
    day         date;
    from_at     timestamptz;
    old_ids     text[];
    stored      jsonb;
    old         jsonb;
    part        record;
    row_id      text;
    kept        text[] := '{}';
    answer      jsonb := '[]';
    is_default  boolean := false;
BEGIN
    PERFORM btwin._check_busy('busy', orchestration_recommendations.busy),
            btwin._check_max_rows(orchestration_recommendations.max_rows, 20),
            btwin._check_method(orchestration_recommendations.method_is);
    moment := btwin._moment(orchestration_recommendations.as_of);
    learner := btwin._caller(orchestration_recommendations.user_id, true, true);
    zone := btwin.learner_time_zone(learner);
    today := (moment AT TIME ZONE zone)::date;
    day := coalesce(orchestration_recommendations.for_date, today);
    IF day NOT BETWEEN today - 1 AND today + 30 THEN
        PERFORM btwin._refuse('PT400', 'out_of_range', format('argument "for_date" is %s', day), -- to_char() does not know the ends of the type
                              format('Needed is a day from %s to %s.', to_char(today - 1, 'YYYY-MM-DD'), to_char(today + 30, 'YYYY-MM-DD')), 'for_date');
    END IF;
    PERFORM btwin._begin_write(learner);

    -- what was recommended for the day and not taken up, by its start; the application may take it up meanwhile
    from_at := btwin._day_start(day - 32, zone);
    old_ids := ARRAY(SELECT s.id FROM btwin.study_schedule_recommendations_window(learner, from_at, 'infinity') AS s
                     WHERE s.applied_at IS NULL AND (btwin._json_moment(s.recommended_schedule ->> 'startTime') AT TIME ZONE zone)::date = day
                       AND EXISTS (SELECT FROM btwin.provenance p WHERE p.user_id = learner AND p.kind = 'study_schedule_recommendations' AND p.id = s.id));
    IF old_ids <> '{}' THEN
        PERFORM FROM btwin.study_schedule_recommendations r WHERE r.id = ANY (old_ids) AND r.user_id = learner FOR UPDATE;
        SELECT jsonb_object_agg(r.recommended_schedule ->> 'startTime', jsonb_build_object('id', r.id, 'schedule', r.recommended_schedule, 'reasoning', r.reasoning)) INTO stored
        FROM btwin.study_schedule_recommendations r WHERE r.id = ANY (old_ids) AND r.user_id = learner AND r.applied_at IS NULL;
    END IF;
    FOR part IN
        SELECT s.*, btwin._utc_text(s.start_at) AS start_text, w.words
        FROM btwin._study_slots(learner, orchestration_recommendations.method_is, day, orchestration_recommendations.busy, zone, moment) WITH ORDINALITY AS s
        CROSS JOIN LATERAL (
            SELECT ARRAY(SELECT t.words
                         FROM (SELECT k.place, CASE k.key WHEN 'slot.evidence' THEN format(k.phrase, to_char(s.hour, 'FM00') || ':00', s.session_count, round(s.hour_score::numeric))
                                                          WHEN 'slot.conflict' THEN format(k.phrase, jsonb_array_length(s.conflicts))
                                                          WHEN 'slot.recent' THEN format(k.phrase, s.recent_count) ELSE k.phrase END AS words
                               FROM btwin._phrase_rows(ARRAY[CASE WHEN s.is_default THEN 'slot.default' ELSE 'slot.evidence' END,
                                                             CASE WHEN s.conflicts IS NULL THEN 'slot.free' ELSE 'slot.conflict' END,
                                                             CASE WHEN s.is_preferred THEN 'slot.preferred' END,
                                                             CASE WHEN s.recent_count > 0 THEN 'slot.recent' END]) AS k) AS t
                         ORDER BY t.place) AS words
        ) AS w
        ORDER BY s.ordinality LIMIT orchestration_recommendations.max_rows
    LOOP
        is_default := part.is_default;
        old := stored -> part.start_text;
        row_id := coalesce(old ->> 'id', btwin._new_id());
        kept := kept || row_id;
        IF old IS NULL THEN
            INSERT INTO btwin.study_schedule_recommendations (id, user_id, recommended_schedule, reasoning, created_at)
            VALUES (row_id, learner, jsonb_build_object('startTime', part.start_text, 'duration', part.minutes, 'performanceScore', part.score), array_to_string(part.words, ' '), moment);
        ELSIF (old -> 'schedule', old ->> 'reasoning')
              IS DISTINCT FROM (jsonb_build_object('startTime', part.start_text, 'duration', part.minutes, 'performanceScore', part.score), array_to_string(part.words, ' ')) THEN
            UPDATE btwin.study_schedule_recommendations r
            SET recommended_schedule = jsonb_build_object('startTime', part.start_text, 'duration', part.minutes, 'performanceScore', part.score),
                reasoning = array_to_string(part.words, ' ')
            WHERE r.id = row_id AND r.user_id = learner;
        END IF;
        IF old IS NULL OR NOT EXISTS (SELECT FROM btwin.provenance p WHERE p.user_id = learner AND p.kind = 'study_schedule_recommendations' AND p.id = row_id
                                                                       AND p.method = orchestration_recommendations.method_is AND p.evidence_count = part.session_count) THEN
            PERFORM btwin._record_provenance(learner, 'study_schedule_recommendations', row_id, orchestration_recommendations.method_is, version, moment, part.session_count, NULL, NULL);
        END IF;
        answer := answer || jsonb_build_object(
            'id', row_id, 'start_time', part.start_at, 'end_time', part.end_at, 'duration_minutes', part.minutes, 'score', part.score, 'confidence', part.confidence,
            'reasoning', to_jsonb(part.words), 'calendar_conflict', part.conflicts IS NOT NULL, 'conflicting_events', coalesce(part.conflicts, '[]'));
    END LOOP;
    old_ids := ARRAY(SELECT e.value ->> 'id' FROM jsonb_each(stored) AS e WHERE e.value ->> 'id' <> ALL (kept));
    IF old_ids <> '{}' THEN
        DELETE FROM btwin.provenance p WHERE p.user_id = learner AND p.kind = 'study_schedule_recommendations' AND p.id = ANY (old_ids);
        DELETE FROM btwin.study_schedule_recommendations r WHERE r.id = ANY (old_ids) AND r.user_id = learner;
    END IF;
    RETURN jsonb_build_object('recommendations', answer, 'cognitive_load', (btwin._study_load(learner, moment)).load, 'generated_at', moment,
                              'for_date', day, 'method', orchestration_recommendations.method_is, 'version', version,
                              'reason', CASE WHEN is_default THEN 'default_used' END);
END
$orchestration_recommendations$;
COMMENT ON FUNCTION btwin_api.orchestration_recommendations(text, date, jsonb, integer, text, timestamptz) IS
'Times of a day at which to study
user_id: learner, by default the caller. for_date: day of the learner''s clock, from yesterday to 30 days ahead, by default today. busy: blocks of the calendar as for calendar_sync(), used beside the stored ones (and in place of those with their event_id) and not kept. max_rows: 1 to 20. method_is: btwin or epic5. as_of: moment, by default now.
score = 0.4 score of the hour + 0.3 availability (0 with a block in the way, else 100) + 0.2 preference (100 at a preferred time, else 50) + 0.1 min(100, 100/3 for each completed session of 7 days begun at that hour). btwin: every hour with a scored session of 182 days, with the score expected of it; a preferred time of day -1 is of any day; times that have begun are left out, and those with a block in the way where three others are free. epic5: the three best hours of six weeks, confidence min(1, sessions/50) at least 0.5; day -1 is of no day. Where nothing is known of any hour: 7 to 9 (75) and 18 to 20 (70; btwin: less 30 with a block in the way), confidence 0.4.
Keys: recommendations (id, start_time, end_time, duration_minutes 60 or 120, score 0 to 100, confidence 0 to 1: btwin that the hour is one of the better ones; reasoning texts, calendar_conflict boolean, conflicting_events {event_id, start_at, end_at}; by score descending, start_time), cognitive_load (score document, 0 to 100, as orchestration_cognitive_load() has it), generated_at, for_date, method, version, reason (default_used, else null).
Writes study_schedule_recommendations and where its rows come from: those of that local day without applied_at that this function wrote are replaced, rows with the same start keeping their id. Idempotent: nothing is written where nothing is different.
Errors: PT400 missing_argument, out_of_range, not_allowed_value, bad_document, user_required, not_attached; PT403 no_claim, forbidden, analysis_disabled; PT404 unknown_learner; 25006.
Source: Epic 5 domain model, 2.32, 2.22 and 3.2 (13). Reads study_sessions, user_learning_profiles, btwin.calendar_busy, behavioral_events, validation_responses, reviews; with btwin the store of 182 days; btwin.learner.';

-- The plan of a session (2.33, 2.34)

CREATE FUNCTION btwin._break_interval(learner text, method text, moment timestamptz) RETURNS float8
LANGUAGE plpgsql STABLE COST 2000
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan
AS $break_interval$
DECLARE
    since   timestamptz := moment - interval '1344 hours';
    found   record;
BEGIN
    SELECT c.* INTO found
    FROM (SELECT array_agg(a.minutes ORDER BY a.started_at, a.id) AS minutes, array_agg(f.fatigue_minutes ORDER BY a.started_at, a.id) AS fatigue,
                 array_agg(f.flow_minutes ORDER BY a.started_at, a.id) AS flow
          FROM (SELECT s.id, s.started_at, s.duration_ms / 60000.0::float8 AS minutes,
                       array_agg(extract(epoch FROM r.reviewed_at - s.started_at) / 60.0::float8 ORDER BY r.reviewed_at, r.id) FILTER (WHERE r.id IS NOT NULL) AS review_minutes,
                       array_agg(r.rating IN ('GOOD', 'EASY') ORDER BY r.reviewed_at, r.id) FILTER (WHERE r.id IS NOT NULL) AS good
                FROM btwin.study_sessions_window(learner, since, moment) AS s
                LEFT JOIN btwin.reviews_window(learner, since, moment) AS r ON r.session_id = s.id AND r.reviewed_at >= s.started_at
                WHERE s.completed_at <= moment AND s.duration_ms BETWEEN 3600000 AND 86400000
                GROUP BY s.id, s.started_at, s.duration_ms) AS a
          CROSS JOIN LATERAL btwin.epic5_session_attention(coalesce(a.review_minutes, '{}'), coalesce(a.good, '{}'), a.minutes) AS f) AS l
    CROSS JOIN LATERAL btwin.epic5_attention_cycle(l.minutes, l.fatigue, l.flow) AS c
    WHERE l.minutes IS NOT NULL;
    IF method = 'epic5' THEN
        RETURN coalesce(found.optimal_break_interval, 25);
    ELSIF found.session_count >= 5 THEN
        RETURN greatest(least(btwin.epic5_round(found.optimal_break_interval), 45), 15);
    END IF;
    RETURN 25;
END
$break_interval$;
COMMENT ON FUNCTION btwin._break_interval(text, text, timestamptz) IS
'Internal: minutes between breaks (Epic 5 domain model, 2.4, 2.33): 0.9 of the mean time to fatigue in completed sessions of an hour or more of eight weeks, 25 without one. btwin: with five of them or more, within 15 to 45; else 25.';

CREATE FUNCTION btwin._plan_breaks(interval_minutes float8, duration integer, extra integer, OUT starts integer[], OUT lengths integer[])
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $plan_breaks$
DECLARE
    regular integer := ceil(duration / interval_minutes) - 1;
    -- so many more spread over the same time, but never under ten minutes of study between them
    step    float8 := CASE WHEN extra > 0 THEN greatest(duration / (regular + extra + 1), 10) ELSE interval_minutes END;
BEGIN
    starts := ARRAY(SELECT btwin.epic5_round(n.number * step)::integer FROM generate_series(1, ceil(duration / step)::integer - 1) AS n (number));
    lengths := ARRAY(SELECT CASE WHEN n.number % 4 = 0 THEN 10 ELSE 5 END FROM generate_series(1, cardinality(starts)) AS n (number));
END
$plan_breaks$;
COMMENT ON FUNCTION btwin._plan_breaks(float8, integer, integer) IS
'Internal: minutes of a session at which breaks begin, before its end, and how long they last: 5 minutes, every fourth 10 (Epic 5 domain model, 2.33). extra: so many breaks more, spread evenly, at whole minutes.';

CREATE FUNCTION btwin._plan_content(learner text, method text, objective_ids text[], due_count integer, new_count integer, minutes integer, intensity text, moment timestamptz)
RETURNS jsonb
LANGUAGE plpgsql STABLE COST 5000
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan
AS $plan_content$
DECLARE
    is_old          boolean := method = 'epic5';
    warm_minutes    integer := least(15, btwin.epic5_round(0.2 * minutes));
    cool_minutes    integer := btwin.epic5_round(0.2 * minutes);
    peak_minutes    integer := CASE WHEN is_old THEN btwin.epic5_round(0.6 * minutes) ELSE minutes - warm_minutes - cool_minutes END;
    is_kinesthetic  boolean;
    items           jsonb;
BEGIN
    -- exposure is not looked at where the learner does not want it to be
    is_kinesthetic := EXISTS (SELECT FROM btwin.user_learning_profiles p JOIN btwin.users u ON u.id = p.user_id AND u.learning_style_profiling_enabled
                             WHERE p.user_id = learner AND btwin._json_number(p.learning_style_profile -> 'kinesthetic') > 0.5);
    WITH objective AS MATERIALIZED (
        SELECT o.id, o.objective
        FROM btwin.learning_objectives o JOIN btwin.lectures l ON l.id = o.lecture_id AND l.user_id = learner WHERE o.id = ANY (objective_ids)
    ), card AS MATERIALIZED (
        SELECT c.id, c.objective_id, c.difficulty, c.next_review_at, c.review_count
        FROM btwin.courses k JOIN btwin.cards c ON c.course_id = k.id
        WHERE k.user_id = learner AND c.objective_id = ANY (objective_ids)
    ), due AS MATERIALIZED (
        SELECT c.id, c.objective_id, c.difficulty FROM card AS c
        WHERE c.next_review_at <= moment AND (is_old OR c.review_count > 0) ORDER BY c.next_review_at, c.id LIMIT greatest(due_count, 0)
    ), fresh AS (
        SELECT c.id, c.objective_id, c.difficulty, row_number() OVER (ORDER BY c.id) AS place FROM card AS c
        WHERE c.review_count = 0 AND (is_old OR intensity <> 'LOW') ORDER BY c.id LIMIT greatest(new_count, 0)
    ), prompt AS MATERIALIZED (
        SELECT v.id, o.id AS objective_id, 10 * v.difficulty_level AS difficulty, v.prompt_type = 'CLINICAL_REASONING' AND is_kinesthetic AS is_clinical
        FROM objective AS o JOIN btwin.validation_prompts v ON v.objective_id = o.id WHERE NOT is_old
        UNION ALL
        -- a prompt that names no objective names its concept
        SELECT v.id, o.id, 10 * v.difficulty_level, v.prompt_type = 'CLINICAL_REASONING' AND is_kinesthetic
        FROM objective AS o CROSS JOIN LATERAL unnest((string_to_array(o.objective, ' '))[1:3]) AS w (word) JOIN btwin.validation_prompts v ON v.concept_name = w.word
        WHERE is_old OR NOT EXISTS (SELECT FROM objective AS b JOIN btwin.validation_prompts q ON q.objective_id = b.id)
    ), asked AS (
        SELECT q.id, q.objective_id, q.difficulty, q.is_clinical, row_number() OVER (PARTITION BY q.is_clinical ORDER BY q.id) AS place
        FROM (SELECT DISTINCT ON (p.id) p.* FROM prompt AS p ORDER BY p.id, p.objective_id) AS q
        WHERE is_old OR NOT q.is_clinical OR intensity <> 'LOW'
    ), easy AS (
        SELECT d.*, row_number() OVER (ORDER BY d.difficulty, d.id) AS place FROM due AS d WHERE d.difficulty < 5
    ), medium AS (
        SELECT d.*, row_number() OVER (ORDER BY d.difficulty, d.id) AS place FROM due AS d WHERE d.difficulty >= 5 AND d.difficulty < 8
    ), peak AS (
        SELECT 'CLINICAL' AS kind, a.id, a.objective_id, a.difficulty, 8 AS minutes, a.place FROM asked AS a WHERE a.is_clinical AND a.place <= 2
        UNION ALL
        SELECT 'NEW_CARD', f.id, f.objective_id, f.difficulty, 3, f.place FROM fresh AS f WHERE NOT is_old OR f.place <= 3
        UNION ALL
        SELECT 'VALIDATION', a.id, a.objective_id, a.difficulty, 5, a.place FROM asked AS a WHERE NOT a.is_clinical AND a.place <= 2
        UNION ALL
        -- what is due and neither easy nor of medium difficulty has no other place
        SELECT 'REVIEW_CARD', d.id, d.objective_id, d.difficulty, 2, row_number() OVER (ORDER BY d.difficulty, d.id) FROM due AS d WHERE d.difficulty >= 8 AND NOT is_old
    ), turn AS (
        -- one of each kind by turns; kinds in the order in which they first stand once questions were put in at index 2
        SELECT k.*, array_position(CASE WHEN (SELECT count(*) FROM peak AS c WHERE c.kind = 'CLINICAL') >= 2
                                        THEN '{CLINICAL,VALIDATION,NEW_CARD,REVIEW_CARD}' ELSE '{CLINICAL,NEW_CARD,VALIDATION,REVIEW_CARD}' END::text[], k.kind) AS kind_place
        FROM peak AS k
    ), item AS (
        SELECT 'WARM_UP' AS phase, 'REVIEW_CARD' AS kind, e.id, e.objective_id, e.difficulty, 2 AS minutes, e.place FROM easy AS e WHERE NOT is_old OR e.place <= 5
        UNION ALL
        SELECT 'PEAK', t.kind, t.id, t.objective_id, t.difficulty, t.minutes, row_number() OVER (ORDER BY t.place, t.kind_place) FROM turn AS t
        UNION ALL
        SELECT 'WIND_DOWN', 'REVIEW_CARD', m.id, m.objective_id, m.difficulty, 2, m.place FROM medium AS m WHERE NOT is_old OR m.place <= 4
    )
    SELECT jsonb_agg(jsonb_build_object('kind', i.kind, 'phase', i.phase, 'id', i.id, 'objective_id', i.objective_id, 'minutes', i.minutes, 'difficulty', i.difficulty)
                     ORDER BY array_position('{WARM_UP,PEAK,WIND_DOWN}'::text[], i.phase), i.place) INTO items
    FROM (SELECT n.*, sum(n.minutes) OVER (PARTITION BY n.phase ORDER BY n.place) AS used FROM item AS n) AS i
    -- as much as there is time for
    WHERE is_old OR i.used <= CASE i.phase WHEN 'WARM_UP' THEN warm_minutes WHEN 'PEAK' THEN peak_minutes ELSE cool_minutes END;
    RETURN jsonb_build_object(
        'sequence', coalesce(items, '[]'),
        'total_minutes', coalesce((SELECT sum((e.element -> 'minutes')::integer) FROM jsonb_array_elements(items) AS e (element)), 0),
        'phases', jsonb_build_array(jsonb_build_object('phase', 'WARM_UP', 'minutes', warm_minutes), jsonb_build_object('phase', 'PEAK', 'minutes', peak_minutes),
                                    jsonb_build_object('phase', 'WIND_DOWN', 'minutes', cool_minutes)));
END
$plan_content$;
COMMENT ON FUNCTION btwin._plan_content(text, text, text[], integer, integer, integer, text, timestamptz) IS
'Internal: what a session of so many minutes holds (Epic 5 domain model, 2.34): at most due_count cards that are due by the moment, new_count new ones, and questions. epic5: with the counts of the rule, whatever the time; btwin: as much of each phase as there is time for, with intensity LOW nothing new.';

-- 2.33: what is known is multiplied in, and rounded after each step
CREATE FUNCTION btwin._plan_minutes(base integer, complexity text, factors float8[]) RETURNS integer[]
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $plan_minutes$
DECLARE
    minutes integer := base + CASE complexity WHEN 'BASIC' THEN -10 WHEN 'ADVANCED' THEN 15 ELSE 0 END;
    steps   integer[] := ARRAY[minutes];
    factor  float8;
BEGIN
    FOREACH factor IN ARRAY factors LOOP
        minutes := btwin.epic5_round(minutes * factor);
        steps := steps || minutes;
    END LOOP;
    RETURN steps;
END
$plan_minutes$;
COMMENT ON FUNCTION btwin._plan_minutes(integer, text, float8[]) IS
'Internal: minutes of a session (Epic 5 domain model, 2.33) for its complexity, and after each further factor.';

CREATE FUNCTION btwin_api.session_plan(user_id text DEFAULT NULL, mission_id text DEFAULT NULL, start_at timestamptz DEFAULT NULL, duration_minutes integer DEFAULT NULL,
    intensity text DEFAULT NULL, method_is text DEFAULT 'btwin', as_of timestamptz DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER COST 10000
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan
AS $session_plan$
#variable_conflict use_column
DECLARE
    is_old      boolean := session_plan.method_is = 'epic5';
    version     text := CASE session_plan.method_is WHEN 'btwin' THEN 'plan-1' ELSE 'epic5-1' END;
    moment      timestamptz;
    begins      timestamptz;
    week_ago    timestamptz;
    learner     text;
    zone        text;
    mission     record;
    profile     record;
    objectives  text[];
    complexity  text;
    base        integer;
    load        record;
    chosen      text;
    study       record;
    start_hour  record;
    at_hour     integer;
    factors     float8[];
    keys        text[];
    steps       integer[];
    suggested   integer;
    length      integer;
    every       float8;
    breaks      record;
    pause       integer;
    content     jsonb;
    reasoning   jsonb;
    answer      jsonb;
    document    jsonb;
    stored      record;
    plan_id     text;
    confidence  float8;
BEGIN
    PERFORM btwin._need('mission_id', session_plan.mission_id IS NOT NULL),
            btwin._check_time('start_at', session_plan.start_at),
            btwin._check_between('duration_minutes', session_plan.duration_minutes, 15, 180),
            btwin._check_one_of('intensity', session_plan.intensity, '{LOW,MEDIUM,HIGH}'),
            btwin._check_method(session_plan.method_is);
    moment := btwin._moment(session_plan.as_of);
    begins := coalesce(session_plan.start_at, moment);
    IF begins NOT BETWEEN moment - interval '8784 hours' AND moment + interval '8784 hours' THEN
        PERFORM btwin._refuse('PT400', 'out_of_range', 'argument "start_at" is more than a year away', 'Needed is a moment within 366 days of as_of.', 'start_at');
    END IF;
    learner := btwin._caller(session_plan.user_id, true, true);
    PERFORM btwin._begin_write(learner);
    SELECT m.status, m.completed_at, m.objectives, m.review_card_count, m.new_content_count INTO mission
    FROM btwin.missions m WHERE m.user_id = learner AND m.id IS NOT DISTINCT FROM session_plan.mission_id;
    IF NOT FOUND THEN
        PERFORM btwin._refuse_foreign();
    ELSIF mission.status IN ('COMPLETED', 'SKIPPED') AND (mission.completed_at > moment) IS NOT TRUE THEN
        PERFORM btwin._refuse('PT409', 'not_open', 'the mission is completed or skipped', 'Plan a mission that is PENDING or IN_PROGRESS.', 'mission_id');
    END IF;
    objectives := ARRAY(SELECT coalesce(e.element ->> 'objectiveId', e.element ->> 'id', e.element #>> '{objective,id}')
                        FROM jsonb_array_elements(CASE jsonb_typeof(mission.objectives) WHEN 'array' THEN mission.objectives ELSE '[]' END) AS e (element));
    complexity := CASE WHEN cardinality(objectives) > 3 THEN 'ADVANCED' WHEN cardinality(objectives) > 1 THEN 'INTERMEDIATE' ELSE 'BASIC' END;
    SELECT CASE WHEN u.optimal_session_duration BETWEEN 15 AND 180 THEN u.optimal_session_duration END AS minutes, CASE WHEN u.data_quality_score BETWEEN 0 AND 1 THEN btwin._plain_number(u.data_quality_score) END AS quality INTO profile
    FROM btwin.user_learning_profiles u WHERE u.user_id = learner;
    base := coalesce(profile.minutes, 45);

    -- intensity (2.22)
    load := btwin._study_load(learner, moment);
    IF is_old THEN
        -- which is 27 where nothing is known
        chosen := CASE WHEN load.load_score > 70 THEN 'HIGH' WHEN load.load_score >= 40 THEN 'MEDIUM' ELSE 'LOW' END;
    ELSE
        chosen := CASE WHEN load.load_level IN ('HIGH', 'CRITICAL') THEN 'LOW' WHEN load.load_level = 'LOW' AND load.is_measured THEN 'HIGH' ELSE 'MEDIUM' END;
    END IF;
    chosen := coalesce(session_plan.intensity, chosen);

    -- length (2.33)
    zone := btwin.learner_time_zone(learner);
    at_hour := extract(hour FROM begins AT TIME ZONE zone);
    week_ago := moment - interval '168 hours';
    SELECT sum(s.duration_ms) / 3600000.0::float8 AS hours, count(*) AS n INTO study
    FROM btwin.study_sessions_window(learner, week_ago, moment) AS s WHERE s.completed_at <= moment AND s.duration_ms BETWEEN 0 AND 86400000;
    SELECT h.* INTO start_hour FROM btwin._study_hours(learner, session_plan.method_is, zone, moment) AS h WHERE h.hour = at_hour;
    IF is_old THEN
        factors := ARRAY[CASE WHEN start_hour.hour IS NOT NULL THEN 1.2 ELSE 0.9 END];
        keys := ARRAY['plan.length.hour'];
    ELSIF start_hour.confidence >= 0.8 OR start_hour.is_worse THEN
        factors := ARRAY[CASE WHEN start_hour.confidence >= 0.8 THEN 1.2 ELSE 0.9 END];
        keys := ARRAY['plan.length.hour'];
    END IF;
    IF study.hours > 20 THEN
        factors := factors || 0.85::float8;
        keys := keys || 'plan.length.week_full'::text;
    ELSIF (study.hours >= 5) IS NOT TRUE AND (is_old OR study.n > 0) THEN
        factors := factors || 1.1::float8;
        keys := keys || 'plan.length.week_empty'::text;
    END IF;
    IF NOT is_old AND chosen <> 'MEDIUM' THEN
        factors := factors || CASE chosen WHEN 'LOW' THEN 0.6 ELSE 1.2 END::float8;
        keys := keys || 'plan.length.intensity'::text;
    END IF;
    steps := btwin._plan_minutes(base, complexity, coalesce(factors, '{}'));
    suggested := CASE WHEN is_old THEN steps[cardinality(steps)] ELSE greatest(least(steps[cardinality(steps)], 180), 15) END;
    length := coalesce(session_plan.duration_minutes, suggested);

    -- breaks and content
    every := btwin._break_interval(learner, session_plan.method_is, moment);
    breaks := btwin._plan_breaks(every, CASE WHEN is_old THEN suggested ELSE length END, CASE WHEN NOT is_old AND chosen = 'LOW' THEN 2 ELSE 0 END);
    pause := coalesce((SELECT sum(b.minutes) FROM unnest(breaks.lengths) AS b (minutes)), 0);
    content := btwin._plan_content(learner, session_plan.method_is, objectives, mission.review_card_count, mission.new_content_count,
                                   CASE WHEN is_old THEN length ELSE length - pause END, chosen, CASE WHEN is_old THEN moment ELSE greatest(begins, moment) END);
    confidence := CASE WHEN is_old THEN coalesce(nullif(profile.quality, 0), 0.5)
                       ELSE (coalesce(profile.quality, 0) + coalesce((load.load ->> 'confidence')::float8, 0)) / 2 END;
    WITH line AS (
        -- in the order in which they are said
        SELECT l.element ->> 'part' AS part, l.place, l.element ->> 'key' AS key, l.element ->> 'first' AS first, l.element ->> 'second' AS second
        FROM unnest(ARRAY[
            jsonb_build_object('part', 'time_selection', 'key', CASE WHEN session_plan.start_at IS NULL THEN 'plan.time.now' ELSE 'plan.time.given' END),
            jsonb_build_object('part', 'time_selection', 'key', CASE WHEN start_hour.hour IS NULL THEN 'plan.time.unknown' WHEN is_old OR start_hour.confidence >= 0.8 THEN 'plan.time.best'
                                                                     WHEN start_hour.is_worse THEN 'plan.time.worse' END),
            jsonb_build_object('part', 'duration_logic', 'key', CASE WHEN profile.minutes IS NULL THEN 'plan.length.default' ELSE 'plan.length.profile' END, 'first', base),
            jsonb_build_object('part', 'duration_logic', 'key', 'plan.length.' || complexity, 'first', steps[1]),
            jsonb_build_object('part', 'duration_logic', 'key', keys[1], 'first', steps[2]),
            jsonb_build_object('part', 'duration_logic', 'key', keys[2], 'first', steps[3]),
            jsonb_build_object('part', 'duration_logic', 'key', keys[3], 'first', steps[4]),
            jsonb_build_object('part', 'duration_logic', 'key', 'plan.length.range', 'first', btwin.epic5_round(0.8 * suggested), 'second', btwin.epic5_round(1.2 * suggested)),
            jsonb_build_object('part', 'duration_logic', 'key', CASE WHEN session_plan.duration_minutes IS NOT NULL THEN 'plan.length.given' END, 'first', length),
            jsonb_build_object('part', 'intensity_factors', 'key', CASE WHEN session_plan.intensity IS NOT NULL THEN 'plan.intensity.given' END),
            jsonb_build_object('part', 'intensity_factors', 'key', CASE WHEN load.load_score IS NULL THEN 'plan.intensity.unknown' ELSE 'plan.intensity.load' END, 'first', load.load_score::numeric),
            jsonb_build_object('part', 'intensity_factors', 'key', CASE WHEN NOT is_old THEN 'plan.intensity.' || nullif(chosen, 'MEDIUM') END),
            jsonb_build_object('part', 'content_sequencing', 'key', CASE WHEN content -> 'sequence' = '[]' THEN 'plan.content.none' END)])
            WITH ORDINALITY AS l (element, place)
        UNION ALL
        SELECT 'content_sequencing', min(e.place), 'plan.content.' || (e.element ->> 'phase'), count(*)::text, NULL
        FROM jsonb_array_elements(content -> 'sequence') WITH ORDINALITY AS e (element, place) GROUP BY e.element ->> 'phase'
    )
    SELECT jsonb_object_agg(w.part, w.words) INTO reasoning
    FROM (SELECT l.part, jsonb_agg(format(t.phrase, l.first, l.second) ORDER BY l.place) AS words
          FROM line AS l JOIN btwin._phrase_rows(ARRAY(SELECT k.key FROM line AS k WHERE k.key IS NOT NULL)) AS t ON t.key = l.key GROUP BY l.part) AS w;
    answer := jsonb_build_object(
        'duration_minutes', length, 'intensity', chosen,
        'content_sequence', content,
        'breaks', jsonb_build_object('break_intervals', breaks.starts, 'break_minutes', breaks.lengths, 'total_break_minutes', pause,
                                     'reasoning', CASE WHEN cardinality(breaks.starts) = 0 THEN btwin._phrase_of('plan.breaks.none')
                                                       ELSE format(btwin._phrase_of('plan.breaks'), breaks.starts[1]) END),
        'confidence', confidence,
        'reasoning', reasoning,
        'method', session_plan.method_is, 'version', version);

    -- the mission's one plan that was not taken up
    document := answer || jsonb_build_object('plannedStartTime', btwin._utc_text(begins), 'plannedEndTime', btwin._utc_text(begins + length * interval '1 minute'));
    SELECT p.id, p.plan_data INTO stored
    FROM btwin.session_orchestration_plans p
    WHERE p.user_id = learner AND p.mission_id = session_plan.mission_id AND p.applied_at IS NULL
    ORDER BY p.created_at DESC, p.id DESC LIMIT 1 FOR UPDATE;      -- the application may take it up meanwhile
    plan_id := coalesce(stored.id, btwin._new_id());
    IF stored.id IS NULL THEN
        INSERT INTO btwin.session_orchestration_plans (id, user_id, mission_id, plan_data, created_at) VALUES (plan_id, learner, session_plan.mission_id, document, moment);
    ELSIF stored.plan_data IS DISTINCT FROM document THEN
        UPDATE btwin.session_orchestration_plans p SET plan_data = document WHERE p.id = plan_id AND p.user_id = learner;
    END IF;
    IF stored.plan_data IS DISTINCT FROM document THEN
        PERFORM btwin._record_provenance(learner, 'session_orchestration_plans', plan_id, session_plan.method_is, version, moment, (load.load -> 'evidence_count')::integer, NULL, NULL);
    END IF;
    RETURN answer || jsonb_build_object('id', plan_id, 'mission_id', session_plan.mission_id, 'start_time', begins, 'end_time', begins + length * interval '1 minute',
                                        'computed_for', moment);
END
$session_plan$;
COMMENT ON FUNCTION btwin_api.session_plan(text, text, timestamptz, integer, text, text, timestamptz) IS
'Plan of the session in which a mission is studied
user_id: learner, by default the caller. mission_id: the mission. start_at: start, within 366 days of as_of, by default as_of. duration_minutes: 15 to 180, by default worked out. intensity: LOW, MEDIUM, HIGH, by default worked out. method_is: btwin or epic5. as_of: moment, by default now.
Length: the profile''s best (15 to 180; 45 without one), less 10 for one objective, plus 15 for more than three; x 1.2 at a good hour, x 0.9 at another; x 0.85 after more than 20 hours in 7 days, x 1.1 after less than 5; rounded after each step. btwin: x 1.2 where the start''s hour is one of the better ones with confidence 0.8, x 0.9 where it is surely worse, else as it is; x 1.1 only where there was study at all; x 0.6 with intensity LOW, x 1.2 with HIGH; within 15 to 180. Breaks: after every 0.9 of the time to fatigue of long sessions, else 25 minutes; 5 minutes, every fourth 10; btwin: two more with intensity LOW; epic5: those of the length worked out, also where another was asked for. Intensity by the load from study history: btwin LOW from 60, HIGH below 40 where it is known, else MEDIUM; epic5 the load''s own level: LOW below 40, MEDIUM up to 70, HIGH. Content: easy due cards (difficulty below 5, 2 minutes) to warm up in min(15, 0.2) of the time; clinical questions for learners who learn by doing (8), new cards (3) and questions on the concepts (5) by turns in 0.6; due cards of 5 to 8 to end with in 0.2. btwin: as many as fit, breaks left out, hard due cards too, with intensity LOW nothing new; cards due by the start. epic5: up to 5, 2, 3, 2 and 4 of them, whether they fit or not.
Keys: id (of the plan), mission_id, start_time, end_time, duration_minutes, intensity, content_sequence {sequence [{kind REVIEW_CARD, NEW_CARD, VALIDATION or CLINICAL, phase WARM_UP, PEAK or WIND_DOWN, id (of the card or question), objective_id, minutes, difficulty 0 to 10}], total_minutes, phases [{phase, minutes}]}, breaks {break_intervals (minutes from the start), break_minutes, total_break_minutes, reasoning}, confidence (0 to 1: mean of the data quality and the confidence of the load; epic5: the data quality, 0.5 without), reasoning {time_selection, duration_logic, content_sequencing, intensity_factors: texts}, computed_for, method, version.
Writes session_orchestration_plans: the mission''s plan without applied_at is updated in place; nothing where nothing is different.
Errors: PT400 missing_argument, out_of_range, not_allowed_value, user_required, not_attached; PT403 no_claim, forbidden (also for a mission that is not the learner''s), analysis_disabled; PT404 unknown_learner, unknown_id; PT409 not_open (the mission is COMPLETED or SKIPPED); 25006.
Source: Epic 5 domain model, 2.22, 2.33, 2.34 and 3.2 (14). Reads missions, cards, courses, learning_objectives, lectures, validation_prompts, study_sessions, reviews, behavioral_events, validation_responses, user_learning_profiles, users; with btwin the store of 182 days; btwin.learner.';
