-- Refresh: closes days, folds noted changes in, learner by learner, in committed
-- batches. What it does for a learner is whole: before its commit readers see the
-- old state and the notes, after it the new state and none of them.

-- When a day may be closed. A transaction that is still running may yet write to
-- any day younger than two days without a note, by its clock when it writes. So
-- nobody may be running who could have looked at that clock too early: refresh
-- takes the time, then a transaction number, and keeps both. Once every running
-- transaction is numbered later than that (prepared ones count as running), each
-- of them judges its rows after that time. Two days are the age that is noted, one is for rows of a
-- session a day away from it, one for clocks that step.
CREATE FUNCTION btwin._closed_before() RETURNS timestamptz
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $closed_before$
BEGIN
    RETURN (SELECT max(c.taken_at) - interval '96 hours' FROM btwin.refresh_clock c
            WHERE c.system_id = (SELECT s.system_identifier FROM pg_control_system() s)
              AND c.xid < pg_snapshot_xmin(pg_current_snapshot()));
END
$closed_before$;
COMMENT ON FUNCTION btwin._closed_before() IS
'Internal: days that ended before this moment may be closed; NULL: none, nothing is known of the running transactions yet.';

CREATE FUNCTION btwin._take_clock() RETURNS xid8
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $take_clock$
DECLARE
    moment timestamptz := clock_timestamp();    -- before the number
    number xid8 := pg_current_xact_id();
BEGIN
    INSERT INTO btwin.refresh_clock (xid, taken_at, system_id)
    SELECT number, moment, s.system_identifier FROM pg_control_system() s
    ON CONFLICT (xid) DO UPDATE SET taken_at = excluded.taken_at, system_id = excluded.system_id
    WHERE refresh_clock.system_id <> excluded.system_id;
    -- one a quarter of an hour is enough to remember, and what another server knew is worth nothing
    DELETE FROM btwin.refresh_clock c
    WHERE c.system_id <> (SELECT s.system_identifier FROM pg_control_system() s)
       OR c.taken_at < (SELECT max(d.taken_at) FROM btwin.refresh_clock d WHERE d.xid < pg_snapshot_xmin(pg_current_snapshot()))
       OR EXISTS (SELECT FROM btwin.refresh_clock e WHERE e.xid < c.xid AND e.xid > pg_snapshot_xmin(pg_current_snapshot())
                                                      AND e.taken_at > c.taken_at - interval '15 minutes');
    RETURN number;
END
$take_clock$;
COMMENT ON FUNCTION btwin._take_clock() IS
'Internal: takes the time, then a transaction number, and keeps both.';

CREATE FUNCTION btwin._pending_learners(closed_before timestamptz) RETURNS TABLE (user_id text)
LANGUAGE plpgsql STABLE ROWS 1000
SET search_path = pg_catalog, pg_temp
SET row_security = off
AS $pending_learners$
#variable_conflict use_column
DECLARE
    default_zone text := (SELECT a.default_time_zone FROM btwin.attachment a);
BEGIN
    RETURN QUERY
    WITH learner AS MATERIALIZED (
        SELECT u.id, coalesce(l.time_zone, default_zone) AS zone
        FROM btwin.users u LEFT JOIN btwin.learner l ON l.user_id = u.id
        WHERE u.behavioral_analysis_enabled
    )
    -- changes were noted, of somebody or of everybody
    SELECT c.user_id FROM btwin.late_change c WHERE c.user_id IS NOT NULL
    UNION
    SELECT m.user_id FROM btwin.user_mark m WHERE EXISTS (SELECT FROM btwin.late_change c WHERE c.user_id IS NULL)
    UNION
    -- gone, or analysed no more
    SELECT m.user_id FROM btwin.user_mark m WHERE NOT EXISTS (SELECT FROM learner l WHERE l.id = m.user_id)
    UNION
    -- new, or with another calendar
    SELECT l.id FROM learner l
    WHERE closed_before IS NOT NULL AND NOT EXISTS (SELECT FROM btwin.user_mark m WHERE m.user_id = l.id AND m.time_zone = l.zone)
    UNION
    -- with rows in days that can be closed now
    SELECT l.id
    FROM learner l
    JOIN btwin.user_mark m ON m.user_id = l.id
    CROSS JOIN LATERAL (SELECT btwin._day_start(m.closed_through + 1, l.zone) AS from_at,
                               btwin._day_start((closed_before AT TIME ZONE l.zone)::date, l.zone) AS to_at) AS d
    WHERE d.from_at < d.to_at
      AND (EXISTS (SELECT FROM btwin.study_sessions_window(l.id, d.from_at, d.to_at))
           OR EXISTS (SELECT FROM btwin.reviews_window(l.id, d.from_at, d.to_at))
           OR EXISTS (SELECT FROM btwin.behavioral_events_window(l.id, d.from_at, d.to_at))
           OR EXISTS (SELECT FROM btwin.missions_window(l.id, d.from_at, d.to_at))
           OR EXISTS (SELECT FROM btwin.cognitive_load_metrics_window(l.id, d.from_at, d.to_at))
           OR EXISTS (SELECT FROM btwin.personalization_outcomes_window(l.id, d.from_at, d.to_at))
           OR EXISTS (SELECT FROM btwin.struggle_predictions_window(l.id, d.from_at - interval '2880 hours', d.to_at + interval '2880 hours') p
                      WHERE p.actual_outcome_recorded_at >= d.from_at AND p.actual_outcome_recorded_at < d.to_at))
    ORDER BY 1;
END
$pending_learners$;
COMMENT ON FUNCTION btwin._pending_learners(timestamptz) IS
'Internal: learners for whom a refresh has something to do.';

CREATE FUNCTION btwin._forget_stored(user_id text) RETURNS bigint
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
SET row_security = off
AS $forget_stored$
#variable_conflict use_column
DECLARE
    n bigint;
    gone bigint := 0;
BEGIN
    DELETE FROM btwin.user_day d WHERE d.user_id = _forget_stored.user_id;
    GET DIAGNOSTICS n = ROW_COUNT;
    gone := gone + n;
    DELETE FROM btwin.user_month m WHERE m.user_id = _forget_stored.user_id;
    GET DIAGNOSTICS n = ROW_COUNT;
    gone := gone + n;
    DELETE FROM btwin.user_total t WHERE t.user_id = _forget_stored.user_id;
    GET DIAGNOSTICS n = ROW_COUNT;
    gone := gone + n;
    DELETE FROM btwin.user_mark m WHERE m.user_id = _forget_stored.user_id;
    GET DIAGNOSTICS n = ROW_COUNT;
    RETURN gone + n;
END
$forget_stored$;
COMMENT ON FUNCTION btwin._forget_stored(text) IS
'Internal: removes what the store holds of a learner; returns the number of rows.';

CREATE FUNCTION btwin._refresh_learner(user_id text, closed_before timestamptz) RETURNS bigint
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
SET row_security = off
AS $refresh_learner$
#variable_conflict use_column
DECLARE
    learner     text := _refresh_learner.user_id;
    families    text[] := (SELECT array_agg(f.family) FROM btwin.store_family f);
    whole       text[] := (SELECT array_agg(f.family) FROM btwin.store_family f WHERE f.window_days IS NULL);
    zone        text;
    mark        btwin.user_mark;
    noted       datemultirange;
    closed      date;
    through     date;
    todo        datemultirange;
    part        daterange;
    written     bigint := 0;
    n           bigint;
BEGIN
    -- The notes first: a change that commits after this statement leaves its own
    -- note, one before it is seen by the statements below.
    WITH taken AS (
        DELETE FROM btwin.late_change c WHERE c.user_id = learner RETURNING c.from_day, c.to_day
    )
    SELECT coalesce(range_agg(daterange(nullif(t.from_day, '-infinity') - 2, nullif(t.to_day, 'infinity') + 2, '[]')), '{}') INTO noted FROM taken t;

    IF NOT btwin._is_analysed(learner) THEN
        PERFORM btwin._forget_stored(learner);
        RETURN 0;
    END IF;
    zone := btwin.learner_time_zone(learner);
    SELECT m.* INTO mark FROM btwin.user_mark m WHERE m.user_id = learner;
    -- without a mark there may be rows from before a detach, of another calendar
    IF mark.time_zone IS DISTINCT FROM zone THEN
        PERFORM btwin._forget_stored(learner);
        mark := NULL;
    END IF;
    closed := greatest((closed_before AT TIME ZONE zone)::date - 1, mark.closed_through);
    IF closed IS NULL THEN
        RETURN 0;
    END IF;
    through := date_trunc('month', closed + 1)::date - 1;

    -- days
    todo := CASE WHEN mark.closed_through IS NULL THEN datemultirange(daterange(NULL, closed, '[]'))
                 ELSE noted * datemultirange(daterange(NULL, closed, '[]')) + datemultirange(daterange(mark.closed_through, closed, '(]')) END;
    FOR part IN SELECT unnest(todo) LOOP
        DELETE FROM btwin.user_day d WHERE d.user_id = learner AND d.day >= coalesce(lower(part), '-infinity') AND d.day < upper(part);
        INSERT INTO btwin.user_day (user_id, family, day, n_rows, total, pattern, forgetting, struggle, load, burnout, bandit)
        SELECT learner, s.family, s.day, s.n_rows, s.total, s.pattern, s.forgetting, s.struggle, s.load, s.burnout, s.bandit
        FROM btwin._day_states(learner, families, coalesce(lower(part), '-infinity'), upper(part) - 1, 'infinity', zone) AS s;
        GET DIAGNOSTICS n = ROW_COUNT;
        written := written + n;
    END LOOP;

    -- months, those that are whole
    todo := (todo + datemultirange(daterange(mark.total_through, through, '(]'))) * datemultirange(daterange(NULL, through, '[]'));
    FOR part IN
        SELECT unnest(range_agg(daterange(date_trunc('month', lower(r))::date, (date_trunc('month', upper(r) - 1) + interval '1 month')::date)))
        FROM unnest(todo) AS r
    LOOP
        DELETE FROM btwin.user_month m WHERE m.user_id = learner AND m.month >= coalesce(lower(part), '-infinity') AND m.month < upper(part);
        INSERT INTO btwin.user_month (user_id, family, month, n_rows, total, pattern, forgetting, struggle, load, burnout, bandit)
        SELECT learner, d.family, d.month, sum(d.n_rows), sum(d.total),
               btwin.rollup(d.pattern) FILTER (WHERE d.pattern IS NOT NULL), btwin.seal(btwin.rollup(d.forgetting) FILTER (WHERE d.forgetting IS NOT NULL)),
               btwin.rollup(d.struggle) FILTER (WHERE d.struggle IS NOT NULL), btwin.rollup(d.load) FILTER (WHERE d.load IS NOT NULL),
               btwin.rollup(d.burnout) FILTER (WHERE d.burnout IS NOT NULL), btwin.rollup(d.bandit) FILTER (WHERE d.bandit IS NOT NULL)
        FROM (SELECT d.*, date_trunc('month', d.day)::date AS month FROM btwin.user_day d
              WHERE d.user_id = learner AND d.day >= coalesce(lower(part), '-infinity') AND d.day < upper(part)
              ORDER BY d.family, d.day) AS d
        GROUP BY d.family, d.month;
    END LOOP;

    -- the total, always from all its months: added to step by step it would differ
    -- in the last digit from what verify() works out
    IF NOT isempty(todo) THEN
        DELETE FROM btwin.user_total t WHERE t.user_id = learner;
        INSERT INTO btwin.user_total (user_id, family, up_to, n_rows, total, pattern, forgetting, struggle, load, burnout, bandit)
        SELECT learner, s.family, through, sum(s.n_rows), sum(s.total),
               btwin.rollup(s.pattern) FILTER (WHERE s.pattern IS NOT NULL), btwin.condense(btwin.rollup(s.forgetting) FILTER (WHERE s.forgetting IS NOT NULL)),
               btwin.rollup(s.struggle) FILTER (WHERE s.struggle IS NOT NULL), btwin.rollup(s.load) FILTER (WHERE s.load IS NOT NULL),
               btwin.rollup(s.burnout) FILTER (WHERE s.burnout IS NOT NULL), btwin.rollup(s.bandit) FILTER (WHERE s.bandit IS NOT NULL)
        FROM (SELECT m.* FROM btwin.user_month m WHERE m.user_id = learner AND m.family = ANY (whole) ORDER BY m.family, m.month) AS s
        GROUP BY s.family;
    END IF;

    INSERT INTO btwin.user_mark (user_id, closed_through, total_through, time_zone, refreshed_at)
    VALUES (learner, closed, date_trunc('month', closed + 1)::date - 1, zone, clock_timestamp())
    ON CONFLICT (user_id) DO UPDATE
    SET closed_through = excluded.closed_through, total_through = excluded.total_through, time_zone = excluded.time_zone, refreshed_at = excluded.refreshed_at;
    RETURN written;
END
$refresh_learner$;
COMMENT ON FUNCTION btwin._refresh_learner(text, timestamptz) IS
'Internal: brings what the store holds of a learner up to date; returns the number of day rows written.';

-- A fault with one learner is recorded and does not stop the others; notes and
-- rows of that learner stay as they were.
CREATE FUNCTION btwin._refresh_batch(run_id bigint, user_ids text[], closed_before timestamptz) RETURNS integer
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $refresh_batch$
DECLARE
    learner text;
    days    bigint := 0;
    done    integer := 0;
    problem text;
BEGIN
    FOREACH learner IN ARRAY user_ids LOOP
        BEGIN
            days := days + btwin._refresh_learner(learner, closed_before);
            done := done + 1;
        EXCEPTION WHEN OTHERS THEN
            IF sqlstate ~ '^(40|53|57|XX)' THEN
                RAISE;
            END IF;
            problem := coalesce(problem, format('learner %s: %s (%s)', learner, sqlerrm, sqlstate));
            RAISE WARNING 'learner "%" could not be refreshed: %', learner, sqlerrm USING ERRCODE = '01000';
        END;
    END LOOP;
    UPDATE btwin.refresh_run r
    SET learners_done = r.learners_done + done, days_written = r.days_written + days, error = coalesce(r.error, problem)
    WHERE r.run_id = _refresh_batch.run_id;
    RETURN done;
END
$refresh_batch$;
COMMENT ON FUNCTION btwin._refresh_batch(bigint, text[], timestamptz) IS
'Internal: refreshes some learners and writes down how far the run is.';

CREATE FUNCTION btwin._begin_refresh(closed_before timestamptz, OUT run_id bigint, OUT user_ids text[])
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
SET row_security = off
AS $begin_refresh$
#variable_conflict use_column
BEGIN
    -- notes of the caller's own transaction are taken as well: what it changes
    -- from now on must be noted again
    PERFORM btwin._write_pending_notes();
    UPDATE btwin.refresh_run r SET outcome = 'abandoned', finished_at = clock_timestamp() WHERE r.outcome = 'running';
    PERFORM btwin._note_partitions();
    PERFORM btwin._note_contents();
    -- a note for everybody becomes one for each
    WITH everybody AS (
        DELETE FROM btwin.late_change c WHERE c.user_id IS NULL RETURNING c.from_day, c.to_day
    )
    INSERT INTO btwin.late_change (user_id, from_day, to_day)
    SELECT m.user_id, min(e.from_day), max(e.to_day) FROM everybody e CROSS JOIN btwin.user_mark m GROUP BY m.user_id;
    SELECT coalesce(array_agg(p.user_id), '{}') INTO user_ids FROM btwin._pending_learners(_begin_refresh.closed_before) p;
    INSERT INTO btwin.refresh_run (started_at, learners, closed_before)
    VALUES (clock_timestamp(), cardinality(user_ids), _begin_refresh.closed_before) RETURNING refresh_run.run_id INTO run_id;
    DELETE FROM btwin.refresh_run r WHERE r.started_at < clock_timestamp() - interval '90 days';
END
$begin_refresh$;
COMMENT ON FUNCTION btwin._begin_refresh(timestamptz) IS
'Internal: writes down a run and lists the learners it is for.';

CREATE FUNCTION btwin._end_refresh(run_id bigint) RETURNS text
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $end_refresh$
DECLARE
    result text;
BEGIN
    UPDATE btwin.refresh_run r
    SET finished_at = clock_timestamp(), outcome = CASE WHEN r.error IS NULL THEN 'done' ELSE 'failed' END
    WHERE r.run_id = _end_refresh.run_id
    RETURNING format('%s: %s of %s learners, %s day rows', r.outcome, r.learners_done, r.learners, r.days_written) INTO result;
    RETURN result;
END
$end_refresh$;
COMMENT ON FUNCTION btwin._end_refresh(bigint) IS
'Internal: ends a run.';

CREATE PROCEDURE btwin.refresh(batch_size integer DEFAULT 50, INOUT result text DEFAULT NULL)
LANGUAGE plpgsql
AS $refresh$
DECLARE
    run_id  pg_catalog.int8;
    pending pg_catalog.text[];
    horizon pg_catalog.timestamptz;
    place   pg_catalog.int4 := 1;
    lock_key CONSTANT pg_catalog.int8 := pg_catalog.hashtextextended('btwin.refresh', 0);
BEGIN
    PERFORM btwin.require_attached();
    IF batch_size IS NULL OR batch_size OPERATOR(pg_catalog.<) 1 THEN
        RAISE EXCEPTION 'batch_size must be at least 1, not %', batch_size USING ERRCODE = 'invalid_parameter_value';
    END IF;
    -- The lock is a transaction's: it is free again whatever becomes of the
    -- session, and taken again after each commit.
    IF NOT pg_catalog.pg_try_advisory_xact_lock(lock_key) THEN
        result := 'skipped: a refresh is running';
        RETURN;
    END IF;
    PERFORM btwin._take_clock();
    COMMIT;

    IF NOT pg_catalog.pg_try_advisory_xact_lock(lock_key) THEN
        result := 'skipped: a refresh is running';
        RETURN;
    END IF;
    horizon := btwin._closed_before();
    SELECT b.run_id, b.user_ids INTO run_id, pending FROM btwin._begin_refresh(horizon) AS b;
    COMMIT;

    WHILE place OPERATOR(pg_catalog.<=) pg_catalog.cardinality(pending) LOOP
        IF NOT pg_catalog.pg_try_advisory_xact_lock(lock_key) THEN
            result := 'skipped: another refresh took over';
            RETURN;
        END IF;
        PERFORM btwin._refresh_batch(run_id, pending[place : place OPERATOR(pg_catalog.+) batch_size OPERATOR(pg_catalog.-) 1], horizon);
        COMMIT;
        place := place OPERATOR(pg_catalog.+) batch_size;
    END LOOP;
    result := btwin._end_refresh(run_id);
END
$refresh$;
COMMENT ON PROCEDURE btwin.refresh(integer, text) IS
'Brings the store up to date: closes days that can be closed (ended four days ago, and every running transaction is younger than the call that noticed), folds noted changes in, removes learners who left. Commits after every batch_size learners, so it cannot be called within a transaction block; what a crash leaves undone the next call does. One runs at a time: result is "skipped" at once for a second caller. Its progress is in btwin.refresh_run. Answers are right whether or not it has run; it makes them cheap. Errors: TW001 before attach, 22023 for a batch_size below 1, 42501 where the caller would see less than all rows.';

CREATE FUNCTION btwin.refresh_now() RETURNS text
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $refresh_now$
DECLARE
    run     record;
    horizon timestamptz;
BEGIN
    PERFORM btwin.require_attached();
    IF NOT pg_try_advisory_xact_lock(hashtextextended('btwin.refresh', 0)) THEN
        RETURN 'skipped: a refresh is running';
    END IF;
    horizon := btwin._closed_before();
    PERFORM btwin._take_clock();
    run := btwin._begin_refresh(horizon);
    PERFORM btwin._refresh_batch(run.run_id, run.user_ids, horizon);
    RETURN btwin._end_refresh(run.run_id);
END
$refresh_now$;
COMMENT ON FUNCTION btwin.refresh_now() IS
'As the procedure btwin.refresh, for drivers that cannot CALL: in one transaction, the caller''s. Result: how it ended and how much it did, or "skipped" at once where a refresh is running. Errors: TW001 before attach, 42501 where the caller would see less than all rows.';
