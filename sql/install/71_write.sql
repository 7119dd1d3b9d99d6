-- What every writing function of btwin_api goes through, after its arguments are
-- checked and the caller is known: the learner's turn, the answer to a call that was
-- made before, and what is stored beside the row it writes.

-- Arguments

CREATE FUNCTION btwin._check_key(idempotency_key text) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $check_key$
BEGIN
    IF length(idempotency_key) NOT BETWEEN 1 AND 200 THEN
        PERFORM btwin._refuse('PT400', 'out_of_range', format('argument "idempotency_key" has %s characters', length(idempotency_key)),
                              'Needed are 1 to 200, such as a random UUID; leave it out to make a call that cannot be repeated.', 'idempotency_key');
    END IF;
    RETURN true;
END
$check_key$;
COMMENT ON FUNCTION btwin._check_key(text) IS
'Internal: PT400 out_of_range for a key of a call that is empty or longer than 200 characters; NULL passes.';

-- The learner's turn. The row is updated, not only locked: a transaction that began
-- before another wrote and reads as of then (REPEATABLE READ) gets 40001 instead of
-- a state that is no longer true. A standby refuses the statement itself (25006).
-- Each turn is later than those before, also where a clock is set back.
CREATE FUNCTION btwin._begin_write(learner text) RETURNS boolean
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $begin_write$
#variable_conflict use_column
BEGIN
    UPDATE btwin.learner_write w SET began_at = greatest(clock_timestamp(), w.began_at + interval '1 microsecond') WHERE w.user_id = learner;
    IF NOT FOUND THEN
        INSERT INTO btwin.learner_write AS w (user_id, began_at) VALUES (learner, clock_timestamp())
        ON CONFLICT (user_id) DO UPDATE SET began_at = greatest(clock_timestamp(), w.began_at + interval '1 microsecond');
    END IF;
    RETURN true;
END
$begin_write$;
COMMENT ON FUNCTION btwin._begin_write(text) IS
'Internal: waits until no other transaction writes for this learner, and keeps others waiting until the end of this one. Learners do not wait for each other. Errors: 25006 on a standby or in a read-only transaction, 40001 where another wrote since this transaction''s snapshot.';

-- Calls that may be repeated

CREATE FUNCTION btwin._replay(learner text, function_name text, idempotency_key text, arguments jsonb) RETURNS jsonb
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $replay$
DECLARE
    earlier btwin.api_call;
BEGIN
    IF idempotency_key IS NULL THEN
        RETURN NULL;
    END IF;
    SELECT c.* INTO earlier FROM btwin.api_call c
    WHERE c.user_id = learner AND c.function_name = _replay.function_name AND c.idempotency_key = _replay.idempotency_key;
    IF earlier.arguments <> _replay.arguments THEN
        PERFORM btwin._refuse('PT409', 'key_reused', 'the key was used by a call with other arguments', 'Use a new key for a new call; repeat a call with the same arguments.', 'idempotency_key');
    END IF;
    RETURN earlier.answer;
END
$replay$;
COMMENT ON FUNCTION btwin._replay(text, text, text, jsonb) IS
'Internal: what an earlier call with this key was answered; NULL: there was none. Error PT409 key_reused where its arguments were others. To be called in the learner''s turn: a call that is still running ends before.';

CREATE FUNCTION btwin._remember(learner text, function_name text, idempotency_key text, arguments jsonb, answer jsonb) RETURNS jsonb
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $remember$
#variable_conflict use_column
BEGIN
    IF idempotency_key IS NOT NULL THEN
        INSERT INTO btwin.api_call (user_id, function_name, idempotency_key, arguments, answer, created_at)
        VALUES (learner, _remember.function_name, _remember.idempotency_key, _remember.arguments, _remember.answer, now());
    END IF;
    RETURN answer;
END
$remember$;
COMMENT ON FUNCTION btwin._remember(text, text, text, jsonb, jsonb) IS
'Internal: keeps the answer of a call under its key, if it came with one, and returns it.';

CREATE FUNCTION btwin._prune_calls(keep_days integer) RETURNS bigint
LANGUAGE sql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $prune_calls$
WITH gone AS (DELETE FROM btwin.api_call c WHERE c.created_at < now() - make_interval(days => keep_days) RETURNING 1)
SELECT count(*) FROM gone
$prune_calls$;
COMMENT ON FUNCTION btwin._prune_calls(integer) IS
'Internal: forgets answers of calls older than so many days; rows removed.';

-- Rows

CREATE FUNCTION btwin._new_id() RETURNS text
LANGUAGE sql VOLATILE PARALLEL SAFE
AS $new_id$
SELECT 'c' OPERATOR(pg_catalog.||) pg_catalog.substr(pg_catalog.replace(pg_catalog.gen_random_uuid()::text, '-', ''), 1, 24)
$new_id$;
COMMENT ON FUNCTION btwin._new_id() IS
'Internal: a new key of a row, in the form of the reference''s clients: c and 24 of 0-9a-f.';

CREATE FUNCTION btwin._notify(learner text, notification_type text, title text, message text, priority text, related_entity_type text, related_entity_id text, moment timestamptz) RETURNS text
LANGUAGE sql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $notify$
INSERT INTO btwin.insight_notifications (id, user_id, notification_type, title, message, priority, related_entity_type, related_entity_id, created_at)
VALUES (btwin._new_id(), learner, notification_type, title, message, priority, related_entity_type, related_entity_id, moment)
RETURNING id
$notify$;
COMMENT ON FUNCTION btwin._notify(text, text, text, text, text, text, text, timestamptz) IS
'Internal: stores a notification for the learner and returns its id.';

CREATE FUNCTION btwin._record_provenance(learner text, kind text, id text, method text, version text, computed_for timestamptz, evidence_count integer, low float8, high float8) RETURNS boolean
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $record_provenance$
#variable_conflict use_column
BEGIN
    INSERT INTO btwin.provenance AS p (user_id, kind, id, method, version, computed_for, evidence_count, low, high)
    VALUES (learner, _record_provenance.kind, _record_provenance.id, _record_provenance.method, _record_provenance.version,
            _record_provenance.computed_for, _record_provenance.evidence_count, _record_provenance.low, _record_provenance.high)
    ON CONFLICT (user_id, kind, id) DO UPDATE
    SET method = excluded.method, version = excluded.version, computed_for = excluded.computed_for,
        evidence_count = excluded.evidence_count, low = excluded.low, high = excluded.high
    WHERE (p.method, p.version, p.computed_for, p.evidence_count, p.low, p.high)
          IS DISTINCT FROM (excluded.method, excluded.version, excluded.computed_for, excluded.evidence_count, excluded.low, excluded.high);
    RETURN FOUND;
END
$record_provenance$;
COMMENT ON FUNCTION btwin._record_provenance(text, text, text, text, text, timestamptz, integer, float8, float8) IS
'Internal: stores where a row comes from: kind is its table, id its key. True where that is new.';

-- The nightly analysis: steps that modules add, in order

CREATE TABLE btwin.analysis_step (
    position    integer PRIMARY KEY,
    step        text NOT NULL UNIQUE,
    function    text NOT NULL,
    comment     text NOT NULL
);
COMMENT ON TABLE btwin.analysis_step IS 'What btwin.analyze() does for a learner, in order';
COMMENT ON COLUMN btwin.analysis_step.position IS 'Order';
COMMENT ON COLUMN btwin.analysis_step.step IS 'Name, the key of its counts in what btwin.analyze() answers';
COMMENT ON COLUMN btwin.analysis_step.function IS 'Function (learner text, moment timestamptz) that returns what it wrote, as jsonb; called in the learner''s turn';
COMMENT ON COLUMN btwin.analysis_step.comment IS 'What the step makes';
GRANT SELECT ON btwin.analysis_step TO PUBLIC;
