-- The analysis of learners: one on demand, all of them at night.
--
-- What is done for a learner stands in btwin.analysis_step. analyze_all goes through
-- the learners in the order of their ids, a few in each transaction. Each is analysed
-- once for each day of the learner's clock, which btwin.analysis_state remembers, so a
-- run that was stopped is continued by the next, and any number of sessions may run
-- at once: they share the learners.

-- A learner

CREATE FUNCTION btwin._local_day(learner text, moment timestamptz) RETURNS date
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $local_day$SELECT (moment AT TIME ZONE btwin.learner_time_zone(learner))::date$local_day$;
COMMENT ON FUNCTION btwin._local_day(text, timestamptz) IS
'Internal: the day of a learner''s clock.';

CREATE FUNCTION btwin._analyze_steps(learner text, moment timestamptz) RETURNS jsonb
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $analyze_steps$
DECLARE
    part    record;
    counts  jsonb;
    so_far  jsonb := '{}';
BEGIN
    PERFORM btwin._begin_write(learner);
    -- Names of functions are executed as they stand: the table belongs to whoever
    -- installed the extension, and nobody else is granted writing it. They run with the
    -- rights of the caller.
    FOR part IN SELECT s.step, s.function FROM btwin.analysis_step s ORDER BY s.position LOOP
        EXECUTE format('SELECT %s($1, $2)', part.function) INTO counts USING learner, moment;
        so_far := so_far || jsonb_build_object(part.step, counts);
    END LOOP;
    INSERT INTO btwin.analysis_state AS s (user_id, local_day, computed_for, finished_at, written)
    VALUES (learner, btwin._local_day(learner, moment), moment, clock_timestamp(), so_far)
    ON CONFLICT (user_id) DO UPDATE
    SET local_day = excluded.local_day, computed_for = excluded.computed_for, finished_at = excluded.finished_at, written = excluded.written,
        failures = 0, failed_at = NULL, error_code = NULL, error = NULL;
    RETURN so_far;
END
$analyze_steps$;
COMMENT ON FUNCTION btwin._analyze_steps(text, timestamptz) IS
'Internal: runs every step of the analysis for a learner, in the learner''s turn, and notes that it was done.';

CREATE FUNCTION btwin.analyze(user_id text DEFAULT NULL, as_of timestamptz DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql VOLATILE COST 100000
SET search_path = pg_catalog, pg_temp
AS $analyze$
DECLARE
    moment  timestamptz := btwin._moment(as_of);
    learner text := btwin._caller(user_id, true, true);
BEGIN
    RETURN jsonb_build_object('computed_for', moment, 'written', btwin._analyze_steps(learner, moment));
END
$analyze$;
COMMENT ON FUNCTION btwin.analyze(text, timestamptz) IS
'Analyses a learner now: outcomes of predictions, patterns with insights and recommendations, predictions with interventions, burnout, stress, effectiveness of personalization, goals (the steps of btwin.analysis_step, in order).
user_id: the learner, by default the caller. as_of: the moment it is done for, by default now.
Result: computed_for; written {step: what it wrote}. Run again over the same rows it writes nothing but when it ran. To be called by the owner of the tables or a service with rights on all of them; what an application lets a learner run are the functions of btwin_api (analyze_patterns, generate_predictions, assess_burnout).
Errors: PT400 not_attached, out_of_range, user_required; PT403 no_claim, forbidden, analysis_disabled; PT404 unknown_learner; 42501 without the rights; 25006 on a standby.';

-- All learners

-- Learners whose day has not been analysed. Another session's learner is that
-- session's: whoever has the advisory lock looks again at what is known by then.
CREATE FUNCTION btwin._analysis_due(after_id text, moment timestamptz, retry_since timestamptz, max_rows integer) RETURNS SETOF text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
-- a few learners are wanted of many: no plan that reads all of them first
SET enable_hashjoin = off
SET enable_mergejoin = off
SET enable_sort = off
AS $analysis_due$
SELECT u.id
FROM btwin.users u
LEFT JOIN btwin.learner l ON l.user_id = u.id
LEFT JOIN btwin.analysis_state s ON s.user_id = u.id
WHERE u.id > after_id AND u.behavioral_analysis_enabled
  AND (s.local_day IS NULL
       OR s.local_day < (moment AT TIME ZONE coalesce(l.time_zone, (SELECT a.default_time_zone FROM btwin.attachment a WHERE a.detached_at IS NULL)))::date)
  AND (retry_since IS NULL OR s.failed_at >= retry_since AND s.error_code IN ('55P03', '40P01', '40001'))
ORDER BY u.id LIMIT max_rows
$analysis_due$;
COMMENT ON FUNCTION btwin._analysis_due(text, timestamptz, timestamptz, integer) IS
'Internal: learners with an analysis due, after an id; retry_since: only those for which another session was in the way since then.';

CREATE FUNCTION btwin._analyze_learner(learner text, moment timestamptz) RETURNS boolean
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $analyze_learner$
BEGIN
    -- shorter than the server's wait before it looks for a deadlock: an application
    -- that holds rows of this learner is never the one to be stopped
    SET LOCAL lock_timeout = '500ms';
    PERFORM btwin._analyze_steps(learner, moment);
    RETURN true;
EXCEPTION WHEN OTHERS THEN
    INSERT INTO btwin.analysis_state AS s (user_id, failures, failed_at, error_code, error)
    VALUES (learner, 1, clock_timestamp(), sqlstate, sqlerrm)
    ON CONFLICT (user_id) DO UPDATE
    SET failures = s.failures + 1, failed_at = excluded.failed_at, error_code = excluded.error_code, error = excluded.error;
    RETURN false;
END
$analyze_learner$;
COMMENT ON FUNCTION btwin._analyze_learner(text, timestamptz) IS
'Internal: analyses a learner; false where that failed, which is noted. What it had written is undone.';

CREATE FUNCTION btwin._analyze_batch(run_id bigint, batch_size integer, INOUT after_id text, moment timestamptz, retry_since timestamptz)
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $analyze_batch$
DECLARE
    due     text[] := ARRAY(SELECT d FROM btwin._analysis_due(after_id, moment, retry_since, batch_size) AS d);
    learner text;
    done    integer := 0;
    failed  integer := 0;
BEGIN
    -- what a crash takes back the next call does: what is noted as done goes with it
    SET LOCAL synchronous_commit = off;
    FOREACH learner IN ARRAY due LOOP
        CONTINUE WHEN NOT pg_try_advisory_xact_lock(hashtextextended('btwin.analysis.' || learner, 0));
        -- a statement of its own, whose snapshot is younger than the lock: what the
        -- other session has done by then is seen
        CONTINUE WHEN EXISTS (SELECT FROM btwin.analysis_state s WHERE s.user_id = learner AND s.local_day >= btwin._local_day(learner, moment));
        IF btwin._analyze_learner(learner, moment) THEN
            done := done + 1;
        ELSE
            failed := failed + 1;
        END IF;
    END LOOP;
    UPDATE btwin.analysis_run r
    SET learners_done = r.learners_done + done, learners_failed = r.learners_failed + CASE WHEN retry_since IS NULL THEN failed ELSE -done END
    WHERE r.run_id = _analyze_batch.run_id;
    after_id := due[cardinality(due)];
END
$analyze_batch$;
COMMENT ON FUNCTION btwin._analyze_batch(bigint, integer, text, timestamptz, timestamptz) IS
'Internal: analyses the next learners and counts them; after_id becomes the last of them, NULL where none is left. Learners whom another session has at hand are left to it.';

CREATE FUNCTION btwin._lock_analysis(run_id bigint) RETURNS boolean
LANGUAGE sql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $lock_analysis$SELECT pg_try_advisory_xact_lock(hashtextextended('btwin.analysis_run.' || run_id, 0))$lock_analysis$;
COMMENT ON FUNCTION btwin._lock_analysis(bigint) IS
'Internal: shows until the end of the transaction that this run is alive; false where another session shows it.';

CREATE FUNCTION btwin._begin_analysis(moment timestamptz) RETURNS bigint
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $begin_analysis$
#variable_conflict use_column
DECLARE
    run_id bigint;
BEGIN
    -- what a crash or a cancelled call left
    UPDATE btwin.analysis_run r SET outcome = 'abandoned', finished_at = clock_timestamp()
    WHERE r.outcome = 'running' AND btwin._lock_analysis(r.run_id);
    INSERT INTO btwin.analysis_run (computed_for, learners)
    VALUES (moment, (SELECT count(*) FROM btwin._analysis_due('', moment, NULL, NULL))) RETURNING analysis_run.run_id INTO run_id;
    RETURN run_id;
END
$begin_analysis$;
COMMENT ON FUNCTION btwin._begin_analysis(timestamptz) IS
'Internal: writes down that a run of the analysis begins, and which earlier ones never ended.';

CREATE FUNCTION btwin._end_analysis(run_id bigint) RETURNS text
LANGUAGE sql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $end_analysis$
UPDATE btwin.analysis_run r SET outcome = 'done', finished_at = clock_timestamp() WHERE r.run_id = _end_analysis.run_id
RETURNING format('done: %s of %s learners, %s failed', r.learners_done, r.learners, r.learners_failed)
$end_analysis$;
COMMENT ON FUNCTION btwin._end_analysis(bigint) IS
'Internal: writes down that a run of the analysis ended, and says how.';

-- A procedure that commits can have no setting of its own: names are written out.
CREATE PROCEDURE btwin.analyze_all(batch_size integer DEFAULT 10, as_of timestamptz DEFAULT NULL, INOUT result text DEFAULT NULL)
LANGUAGE plpgsql
AS $analyze_all$
DECLARE
    moment      pg_catalog.timestamptz;
    this_run    pg_catalog.int8;
    job_run     pg_catalog.int8;
    after_id    pg_catalog.text := '';
    retry_since pg_catalog.timestamptz;
    begun_at    pg_catalog.timestamptz := pg_catalog.clock_timestamp();
    batches     pg_catalog.int4 := 0;
BEGIN
    PERFORM btwin.require_attached();
    IF batch_size IS NULL OR batch_size OPERATOR(pg_catalog.<) 1 THEN
        RAISE EXCEPTION 'batch_size must be at least 1, not %', coalesce(batch_size::pg_catalog.text, 'NULL') USING ERRCODE = 'invalid_parameter_value';
    END IF;
    moment := btwin._moment(as_of);
    this_run := btwin._begin_analysis(moment);
    -- of sessions that run it at once the first has the record of the job
    IF btwin._lock_job('analysis') THEN
        job_run := btwin._begin_job('analysis');
    END IF;
    COMMIT;

    LOOP
        PERFORM btwin._lock_analysis(this_run), job_run IS NOT NULL AND btwin._lock_job('analysis');
        after_id := btwin._analyze_batch(this_run, batch_size, after_id, moment, retry_since);
        COMMIT;
        -- Plans that were made while a table was empty read all of it when it no longer
        -- is, and nothing else would have them made anew within the night.
        batches := batches OPERATOR(pg_catalog.+) 1;
        IF (batches OPERATOR(pg_catalog.&) (batches OPERATOR(pg_catalog.-) 1)) OPERATOR(pg_catalog.=) 0 OR batches OPERATOR(pg_catalog.%) 64 OPERATOR(pg_catalog.=) 0 THEN
            EXECUTE 'DISCARD PLANS';
        END IF;
        IF after_id IS NULL THEN
            EXIT WHEN retry_since IS NOT NULL;
            -- once more for those who were writing themselves just then
            retry_since := begun_at;
            after_id := '';
        END IF;
    END LOOP;

    PERFORM btwin._lock_analysis(this_run);
    result := btwin._end_analysis(this_run);
    IF job_run IS NOT NULL THEN
        PERFORM btwin._end_job(job_run, CASE WHEN r.learners_failed OPERATOR(pg_catalog.>) 0 THEN 'failed' ELSE 'done' END, r.learners_done, result)
        FROM btwin.analysis_run r WHERE r.run_id OPERATOR(pg_catalog.=) this_run;
    END IF;
    COMMIT;
END
$analyze_all$;
COMMENT ON PROCEDURE btwin.analyze_all(integer, timestamptz, text) IS
'Analyses every learner who allows it and whose day (of the learner''s clock) has not been analysed yet: what btwin.analyze() does, for batch_size learners in a transaction. A learner for whom it fails is noted in btwin.analysis_state (error_code, error) and is due again at the next call; one in whose way another session was is tried again at the end. What a crash or a cancelled call leaves undone the next call does, and nothing is done twice. Several sessions may run it at once and share the learners. Its progress is in btwin.analysis_run. It waits at most half a second for a row.
batch_size: learners in a transaction; whoever writes for one of them waits until it commits. as_of: the moment it is done for, by default now; learners analysed for a later day are left alone.
result: done: so many of so many learners, so many failed. It commits, so it cannot be called within a transaction block. To be run by the owner of the tables. Errors: TW001 before attach, 22023 for a batch_size below 1, PT400 for an as_of in the future.';
