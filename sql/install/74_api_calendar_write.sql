-- The learner's calendar as the application hands it over, and what is in its way.

CREATE FUNCTION btwin._free_start(minutes integer, wanted timestamptz, not_before timestamptz, not_after timestamptz, taken tstzmultirange, zone text,
    slots timestamptz[]) RETURNS timestamptz
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $free_start$
SELECT c.start_at
FROM (SELECT s.start_at, s.place, NULL::interval AS away FROM unnest(slots) WITH ORDINALITY AS s (start_at, place)
      UNION ALL
      -- no such time, or all of them taken: the nearest quarter of an hour of that day from 6 to 23
      SELECT q.start_at, NULL, greatest(q.start_at - wanted, wanted - q.start_at)
      FROM (SELECT (wanted AT TIME ZONE zone)::date AS day) AS d
      CROSS JOIN LATERAL (SELECT (d.day + interval '6 hours' + g.number * interval '15 minutes') AT TIME ZONE zone AS start_at FROM generate_series(0, 67) AS g (number)) AS q
      WHERE q.start_at + minutes * interval '1 minute' <= (d.day + interval '23 hours') AT TIME ZONE zone) AS c
WHERE c.start_at >= not_before AND c.start_at + minutes * interval '1 minute' <= not_after
  AND NOT taken && tstzrange(c.start_at, c.start_at + minutes * interval '1 minute')
ORDER BY c.place NULLS LAST, c.away, c.start_at LIMIT 1
$free_start$;
COMMENT ON FUNCTION btwin._free_start(integer, timestamptz, timestamptz, timestamptz, tstzmultirange, text, timestamptz[]) IS
'Internal: a start at which so many minutes are free: the first of slots, else the quarter of an hour of the same local day nearest to the wanted start; NULL where there is none.';

CREATE FUNCTION btwin_api.calendar_sync(user_id text DEFAULT NULL, busy jsonb DEFAULT NULL, days_ahead integer DEFAULT 7) RETURNS jsonb
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER COST 5000
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan
AS $calendar_sync$
#variable_conflict use_column
DECLARE
    moment      timestamptz := now();
    until_at    timestamptz;
    learner     text;
    zone        text;
    connection  record;
    synced      integer;
    removed     integer;
    is_analysed boolean;
    taken       tstzmultirange;
    part        record;
    day         date;
    slots       timestamptz[];
    conflicts   jsonb := '[]';
    from_at     timestamptz;
BEGIN
    PERFORM btwin._need('busy', calendar_sync.busy IS NOT NULL),
            btwin._check_busy('busy', calendar_sync.busy),
            btwin._need('days_ahead', calendar_sync.days_ahead IS NOT NULL),
            btwin._check_between('days_ahead', calendar_sync.days_ahead, 1, 30);
    until_at := moment + calendar_sync.days_ahead * interval '24 hours';
    learner := btwin._caller(calendar_sync.user_id, false, true);
    PERFORM btwin._begin_write(learner);
    SELECT c.id, c.sync_enabled INTO connection FROM btwin.calendar_integrations c WHERE c.user_id = learner;
    IF connection.sync_enabled IS NOT TRUE THEN
        PERFORM btwin._refuse('PT409', 'not_connected', 'no calendar is connected, or its synchronisation is switched off', 'Connect a calendar and switch its synchronisation on: calendar_integrations.');
    END IF;

    -- the blocks of the window take the place of those that stood there; a block that moved is the same
    DELETE FROM btwin.calendar_busy b
    WHERE b.user_id = learner AND b.start_at < until_at AND b.end_at > moment
      AND NOT EXISTS (SELECT FROM btwin._busy_rows(calendar_sync.busy) AS g WHERE g.event_id = b.event_id AND NOT g.is_cancelled AND g.start_at < until_at AND g.end_at > moment);
    GET DIAGNOSTICS removed = ROW_COUNT;
    INSERT INTO btwin.calendar_busy AS b (user_id, event_id, start_at, end_at, summary, synced_at)
    SELECT learner, g.event_id, g.start_at, g.end_at, g.summary, moment
    FROM btwin._busy_rows(calendar_sync.busy) AS g WHERE NOT g.is_cancelled AND g.start_at < until_at AND g.end_at > moment
    ON CONFLICT (user_id, event_id) DO UPDATE SET start_at = excluded.start_at, end_at = excluded.end_at, summary = excluded.summary, synced_at = excluded.synced_at
    WHERE (b.start_at, b.end_at, b.summary) IS DISTINCT FROM (excluded.start_at, excluded.end_at, excluded.summary);
    SELECT count(*) INTO synced FROM btwin._busy_rows(calendar_sync.busy) AS g WHERE NOT g.is_cancelled AND g.start_at < until_at AND g.end_at > moment;
    UPDATE btwin.calendar_integrations c SET last_sync_at = moment WHERE c.id = connection.id AND c.user_id = learner;

    zone := btwin.learner_time_zone(learner);
    SELECT u.behavioral_analysis_enabled INTO is_analysed FROM btwin.users u WHERE u.id = learner;
    from_at := moment - interval '9528 hours';  -- a plan may be made a year ahead, times of study a month
    -- a learner cannot be at two things: other plans are in the way as well
    FOR part IN
        WITH slot AS MATERIALIZED (
            SELECT s.id AS recommendation_id, NULL::text AS plan_id, btwin._json_moment(s.recommended_schedule ->> 'startTime') AS start_at,
                   btwin._json_number(s.recommended_schedule -> 'duration', 1, 1440)::integer AS minutes
            FROM btwin.study_schedule_recommendations_window(learner, from_at, 'infinity') AS s WHERE s.applied_at IS NULL
            UNION ALL
            SELECT NULL, p.id, btwin._json_moment(p.plan_data ->> 'plannedStartTime'),
                   btwin._json_number(coalesce(p.plan_data -> 'duration_minutes', p.plan_data -> 'duration'), 1, 1440)::integer
            FROM btwin.session_orchestration_plans_window(learner, from_at, 'infinity') AS p WHERE p.applied_at IS NULL
        ), timed AS MATERIALIZED (
            SELECT s.*, s.start_at + s.minutes * interval '1 minute' AS end_at FROM slot AS s
            WHERE s.minutes IS NOT NULL AND s.start_at < until_at AND s.start_at + s.minutes * interval '1 minute' > moment
        )
        SELECT t.recommendation_id, t.plan_id, t.start_at, t.end_at, t.minutes,
               jsonb_agg(jsonb_build_object('calendar_event_id', b.event_id, 'event_summary', b.summary, 'event_start', b.start_at, 'event_end', b.end_at,
                                            'conflict_type', CASE WHEN b.start_at <= t.start_at AND b.end_at >= t.end_at THEN 'FULL_OVERLAP' ELSE 'PARTIAL_OVERLAP' END,
                                            'recommendation_id', t.recommendation_id, 'plan_id', t.plan_id) ORDER BY b.start_at, b.event_id) AS documents,
               (SELECT range_agg(tstzrange(o.start_at, o.end_at)) FROM timed AS o WHERE o.plan_id IS NOT NULL AND o.plan_id IS DISTINCT FROM t.plan_id) AS planned
        FROM timed AS t JOIN btwin.calendar_busy b ON b.user_id = learner AND b.start_at < t.end_at AND b.end_at > t.start_at
        GROUP BY t.recommendation_id, t.plan_id, t.start_at, t.end_at, t.minutes
        ORDER BY t.start_at, t.recommendation_id, t.plan_id
    LOOP
        IF taken IS NULL THEN
            SELECT coalesce(range_agg(tstzrange(b.start_at, b.end_at)), '{}') INTO taken
            FROM btwin.calendar_busy b WHERE b.user_id = learner AND b.start_at < until_at AND b.end_at > moment;
        END IF;
        -- the best times of that day, where the learner lets them be worked out
        IF is_analysed AND day IS DISTINCT FROM (part.start_at AT TIME ZONE zone)::date THEN
            day := (part.start_at AT TIME ZONE zone)::date;
            slots := ARRAY(SELECT s.start_at FROM btwin._study_slots(learner, 'btwin', day, NULL, zone, moment) AS s WHERE s.conflicts IS NULL ORDER BY s.score DESC, s.start_at);
        END IF;
        conflicts := conflicts || (
            SELECT jsonb_agg(e.document || jsonb_build_object('recommended_time_start', btwin._free_start(part.minutes, part.start_at, moment, until_at,
                                                                                                          taken + coalesce(part.planned, '{}'), zone, slots)) ORDER BY e.place)
            FROM jsonb_array_elements(part.documents) WITH ORDINALITY AS e (document, place));
    END LOOP;
    RETURN jsonb_build_object('synced_events', synced, 'removed_events', removed, 'window_start', moment, 'window_end', until_at, 'conflicts', conflicts,
                              'last_sync_at', moment, 'next_sync_at', moment + interval '1 hour');
END
$calendar_sync$;
COMMENT ON FUNCTION btwin_api.calendar_sync(text, jsonb, integer) IS
'Blocks of the learner''s calendar, stored, and what is in their way
user_id: learner, by default the caller. busy: array of at most 2000 {event_id (1 to 200 characters, each once; occurrences of a series need their own), start_at, end_at (2026-03-16T12:00:00Z, or with an offset), summary (at most 500 characters, or null), cancelled (boolean or null)}: all blocks from now on for so many days. days_ahead: 1 to 30. Answers also where analysis is switched off. The application asks the calendar; once an hour is enough.
Keys: synced_events (blocks of the window that stand now), removed_events (that stood there and are gone), window_start (now), window_end, conflicts [{calendar_event_id, event_summary, event_start, event_end, conflict_type FULL_OVERLAP (the block covers the time of study) or PARTIAL_OVERLAP, recommendation_id (times of study; else null), plan_id (plan of a session; else null), recommended_time_start}], last_sync_at (now), next_sync_at (an hour later). recommended_time_start: start on the same local day, from now and within the window, at which the same length is free of blocks and of other plans: the best time by orchestration_recommendations(), else (or with analysis off) the quarter of an hour nearest to the start between 6 and 23; null where there is none. Conflicts by the start of the study, then of the block.
Writes btwin.calendar_busy (blocks that overlap the window are replaced, those that did not change are left as they are; given blocks outside of it are passed over) and calendar_integrations.last_sync_at. Idempotent.
Errors: PT400 missing_argument, out_of_range, bad_document, user_required, not_attached; PT403 no_claim, forbidden; PT404 unknown_learner; PT409 not_connected (no calendar, or synchronisation off); 25006.
Source: Epic 5 domain model, 2.32, 2.35 and 3.2 (17). Reads study_schedule_recommendations, session_orchestration_plans, users, for better times what orchestration_recommendations() reads; btwin.learner.';
