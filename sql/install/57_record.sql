-- What is written once and cannot be worked out again: earlier states of patterns,
-- predictions and configurations, decisions of the bandit with their propensities
-- and rewards, answers to calls that may be repeated, where a stored row comes
-- from, and the blocks of the learner's calendar; and beside them how far writing
-- calls and the analysis came.
--
-- attach makes these tables from the two lists below. Plain types only, and the
-- learner first in every key (a run of the analysis has none): no two learners ever
-- meet in one row or one key.

CREATE FUNCTION btwin._record_tables()
RETURNS TABLE (table_name name, key text, index_columns text, comment text)
LANGUAGE sql IMMUTABLE ROWS 10
SET search_path = pg_catalog, pg_temp
AS $record_tables$
VALUES
    ('pattern_history'::name, 'user_id, pattern_id, changed_at', 'user_id, changed_at',
     'What a pattern was, and when: one row for each change of it'),
    ('prediction_history', 'user_id, prediction_id, computed_for', NULL,
     'What was predicted, and when: one row for each time a prediction was worked out'),
    ('config_history', 'user_id, config_id, event_type, number', 'user_id, occurred_at',
     'What happened to configurations of personalization'),
    ('calendar_busy', 'user_id, event_id', 'user_id, start_at',
     'Blocks of the learner''s calendar, as the application last handed them over'),
    ('decision', 'user_id, id', 'user_id, context, decided_at',
     'Decisions of the bandit: the probability of each arm at that moment, the arm that was drawn, and its reward'),
    ('api_call', 'user_id, function_name, idempotency_key', NULL,
     'Answers to writing calls that came with a key, so that a repeated call gets the same answer and changes nothing'),
    ('learner_write', 'user_id', NULL,
     'Whose turn it is to write for a learner: a writing call updates the row first, and others wait for it'),
    ('analysis_run', 'run_id', NULL,
     'Runs of btwin.analyze_all() and how far they came'),
    ('analysis_state', 'user_id', NULL,
     'When each learner was analysed last, and what went wrong'),
    ('provenance', 'user_id, kind, id', NULL,
     'Where a stored row comes from; a row of the application has none')
$record_tables$;
COMMENT ON FUNCTION btwin._record_tables() IS
'Internal: the tables that hold what cannot be worked out again, their key, the columns of a further index, comments.';

CREATE FUNCTION btwin._record_columns()
RETURNS TABLE (table_name name, place integer, column_name name, definition text, comment text)
LANGUAGE sql IMMUTABLE ROWS 100
SET search_path = pg_catalog, pg_temp
AS $record_columns$
VALUES
    ('pattern_history'::name, 1, 'user_id'::name, 'text NOT NULL', 'Learner'),
    ('pattern_history', 2, 'pattern_id', 'text NOT NULL', 'Pattern'),
    ('pattern_history', 3, 'changed_at', 'timestamptz NOT NULL', 'When it became what the row says'),
    ('pattern_history', 4, 'change', 'text NOT NULL CHECK (change IN (''CREATED'', ''UPDATED'', ''WEAKENED'', ''REMOVED''))', 'CREATED, UPDATED, WEAKENED or REMOVED'),
    ('pattern_history', 5, 'pattern_type', 'text NOT NULL', 'Type'),
    ('pattern_history', 6, 'pattern_name', 'text NOT NULL', 'Name'),
    ('pattern_history', 7, 'confidence', 'double precision CHECK (confidence BETWEEN 0 AND 1)', 'Confidence from then on, 0 to 1'),
    ('pattern_history', 8, 'evidence_count', 'integer CHECK (evidence_count >= 0)', 'Rows it rests on'),
    ('pattern_history', 9, 'pattern_data', 'jsonb', 'Details'),
    ('pattern_history', 10, 'method', 'text NOT NULL', 'Rule that found it'),
    ('pattern_history', 11, 'version', 'text NOT NULL', 'Version of the rule'),

    ('prediction_history', 1, 'user_id', 'text NOT NULL', 'Learner'),
    ('prediction_history', 2, 'prediction_id', 'text NOT NULL', 'Prediction'),
    ('prediction_history', 3, 'computed_for', 'timestamptz NOT NULL', 'Moment it was worked out for'),
    ('prediction_history', 4, 'probability', 'double precision NOT NULL CHECK (probability BETWEEN 0 AND 1)', 'Probability of a struggle, 0 to 1'),
    ('prediction_history', 5, 'low', 'double precision CHECK (low BETWEEN 0 AND 1)', 'Lower end of its 95 % interval'),
    ('prediction_history', 6, 'high', 'double precision CHECK (high BETWEEN 0 AND 1)', 'Upper end'),
    ('prediction_history', 7, 'confidence', 'double precision CHECK (confidence BETWEEN 0 AND 1)', 'Confidence, 0 to 1'),
    ('prediction_history', 8, 'prediction_date', 'timestamptz NOT NULL', 'What it is a prediction for'),
    ('prediction_history', 9, 'feature_vector', 'jsonb', 'Features it was made from'),
    ('prediction_history', 10, 'method', 'text NOT NULL', 'Model'),
    ('prediction_history', 11, 'version', 'text NOT NULL', 'Version of the model'),

    ('config_history', 1, 'user_id', 'text NOT NULL', 'Learner'),
    ('config_history', 2, 'config_id', 'text NOT NULL', 'Configuration'),
    ('config_history', 3, 'event_type', 'text NOT NULL CHECK (event_type IN (''APPLIED'', ''REMOVED'', ''EFFECTIVENESS_CHANGED''))', 'APPLIED, REMOVED or EFFECTIVENESS_CHANGED'),
    ('config_history', 4, 'number', 'integer NOT NULL CHECK (number >= 1)', 'First, second, ... event of this type of this configuration'),
    ('config_history', 5, 'occurred_at', 'timestamptz NOT NULL', 'When'),
    ('config_history', 6, 'context', 'text NOT NULL', 'Context of the configuration'),
    ('config_history', 7, 'strategy_variant', 'text', 'Strategy from then on'),
    ('config_history', 8, 'previous_value', 'double precision CHECK (previous_value BETWEEN 0 AND 100)', 'Effectiveness before, 0 to 100'),
    ('config_history', 9, 'new_value', 'double precision CHECK (new_value BETWEEN 0 AND 100)', 'Effectiveness from then on, 0 to 100'),
    ('config_history', 10, 'description', 'text', 'In words'),

    ('calendar_busy', 1, 'user_id', 'text NOT NULL', 'Learner'),
    ('calendar_busy', 2, 'event_id', 'text NOT NULL', 'Block, as the calendar names it'),
    ('calendar_busy', 3, 'start_at', 'timestamptz NOT NULL', 'Start'),
    ('calendar_busy', 4, 'end_at', 'timestamptz NOT NULL CHECK (end_at > start_at)', 'End'),
    ('calendar_busy', 5, 'summary', 'text', 'What the calendar calls it'),
    ('calendar_busy', 6, 'synced_at', 'timestamptz NOT NULL DEFAULT now()', 'When handed over'),

    ('decision', 1, 'user_id', 'text NOT NULL', 'Learner'),
    ('decision', 2, 'id', 'text NOT NULL', 'Decision'),
    ('decision', 3, 'context', 'text NOT NULL', 'What was decided about'),
    ('decision', 4, 'policy', 'text NOT NULL CHECK (policy IN (''thompson'', ''epsilon_greedy'', ''uniform''))', 'thompson, epsilon_greedy or uniform'),
    ('decision', 5, 'policy_version', 'text NOT NULL', 'Version of the policy'),
    ('decision', 6, 'arms', 'text[] NOT NULL CHECK (cardinality(arms) BETWEEN 2 AND 50)', 'Arms there were to choose from'),
    ('decision', 7, 'arm', 'text NOT NULL CHECK (arm = ANY (arms))', 'Arm that was drawn'),
    ('decision', 8, 'propensity', 'double precision NOT NULL CHECK (propensity > 0 AND propensity <= 1)', 'Probability it had of being drawn'),
    ('decision', 9, 'propensities', 'double precision[] NOT NULL CHECK (cardinality(propensities) = cardinality(arms))', 'Probability of each arm, in the order of arms'),
    ('decision', 10, 'seed', 'bigint', 'Seed of the draw; NULL: none was given'),
    ('decision', 11, 'decided_at', 'timestamptz NOT NULL DEFAULT now()', 'When'),
    ('decision', 12, 'default_reward', 'double precision CHECK (default_reward BETWEEN 0 AND 1)', 'Reward that counts after reward_due_at when none was given, 0 to 1; NULL: none counts'),
    ('decision', 13, 'reward_due_at', 'timestamptz NOT NULL', 'Until when a reward was to come'),
    ('decision', 14, 'reward', 'double precision CHECK (reward BETWEEN 0 AND 1)', 'Reward, 0 to 1; NULL: none was given'),
    ('decision', 15, 'reward_kind', 'text CHECK (reward_kind = ''GIVEN'')', 'GIVEN with a reward'),
    ('decision', 16, 'rewarded_at', 'timestamptz CHECK ((rewarded_at IS NULL) = (reward IS NULL))', 'When the reward was observed'),
    ('decision', 17, 'late', 'boolean NOT NULL DEFAULT false', 'The reward came after reward_due_at'),
    ('decision', 18, 'epsilon', 'double precision CHECK (epsilon BETWEEN 0 AND 1)', 'Share of random choices of epsilon_greedy; NULL: another policy'),
    ('decision', 19, 'turn', 'timestamptz NOT NULL DEFAULT clock_timestamp()', 'Turn of the learner in which it was decided: orders decisions and rewards'),
    ('decision', 20, 'reward_turn', 'timestamptz', 'Turn in which the reward was stored; NULL: none was given, or not by btwin'),

    ('api_call', 1, 'user_id', 'text NOT NULL', 'Learner'),
    ('api_call', 2, 'function_name', 'text NOT NULL', 'Function of btwin_api'),
    ('api_call', 3, 'idempotency_key', 'text NOT NULL CHECK (length(idempotency_key) BETWEEN 1 AND 200)', 'Key of the call'),
    ('api_call', 4, 'arguments', 'jsonb NOT NULL', 'Its arguments'),
    ('api_call', 5, 'answer', 'jsonb NOT NULL', 'Its answer'),
    ('api_call', 6, 'created_at', 'timestamptz NOT NULL DEFAULT now()', 'When; it is kept for 30 days'),

    ('learner_write', 1, 'user_id', 'text NOT NULL', 'Learner'),
    ('learner_write', 2, 'began_at', 'timestamptz NOT NULL', 'When the last writing call began'),

    ('analysis_run', 1, 'run_id', 'bigint GENERATED ALWAYS AS IDENTITY', 'Number'),
    ('analysis_run', 2, 'computed_for', 'timestamptz NOT NULL', 'Moment the learners are analysed for'),
    ('analysis_run', 3, 'started_at', 'timestamptz NOT NULL DEFAULT clock_timestamp()', 'Start'),
    ('analysis_run', 4, 'finished_at', 'timestamptz', 'End; NULL while it runs, or when its server stopped'),
    ('analysis_run', 5, 'learners', 'integer NOT NULL', 'Learners with an analysis due when it began'),
    ('analysis_run', 6, 'learners_done', 'integer NOT NULL DEFAULT 0', 'Of them analysed and committed by this run'),
    ('analysis_run', 7, 'learners_failed', 'integer NOT NULL DEFAULT 0', 'Of them failed; btwin.analysis_state says why'),
    ('analysis_run', 8, 'outcome', 'text NOT NULL DEFAULT ''running'' CHECK (outcome IN (''running'', ''done'', ''abandoned''))', 'running, done, or abandoned (found unfinished by a later run)'),

    ('analysis_state', 1, 'user_id', 'text NOT NULL', 'Learner'),
    ('analysis_state', 2, 'local_day', 'date', 'Day of the learner''s clock that was analysed last; NULL: none yet'),
    ('analysis_state', 3, 'computed_for', 'timestamptz', 'Moment of that analysis'),
    ('analysis_state', 4, 'finished_at', 'timestamptz', 'When it was done'),
    ('analysis_state', 5, 'written', 'jsonb', 'What each of its steps wrote'),
    ('analysis_state', 6, 'failures', 'integer NOT NULL DEFAULT 0', 'Analyses that failed since'),
    ('analysis_state', 7, 'failed_at', 'timestamptz', 'When the last of them failed; NULL: none'),
    ('analysis_state', 8, 'error_code', 'text', 'SQLSTATE of that failure'),
    ('analysis_state', 9, 'error', 'text', 'Its message'),

    ('provenance', 1, 'user_id', 'text NOT NULL', 'Learner'),
    ('provenance', 2, 'kind', 'text NOT NULL', 'Table of the row'),
    ('provenance', 3, 'id', 'text NOT NULL', 'Key of the row'),
    ('provenance', 4, 'method', 'text NOT NULL', 'Rule that gave it'),
    ('provenance', 5, 'version', 'text NOT NULL', 'Version of the rule'),
    ('provenance', 6, 'computed_for', 'timestamptz NOT NULL', 'Moment it was worked out for'),
    ('provenance', 7, 'evidence_count', 'integer CHECK (evidence_count >= 0)', 'Rows it rests on'),
    ('provenance', 8, 'low', 'double precision', 'Lower end of the 95 % interval of its score'),
    ('provenance', 9, 'high', 'double precision', 'Upper end')
$record_columns$;
COMMENT ON FUNCTION btwin._record_columns() IS
'Internal: the columns of the tables of btwin._record_tables().';

CREATE FUNCTION btwin._check_records(schema_name name, create_indexes boolean) RETURNS boolean
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $check_records$
DECLARE
    taken text;
BEGIN
    SELECT format('btwin.%I', t.table_name) INTO taken
    FROM btwin._record_tables() t JOIN pg_class c ON c.oid = to_regclass(format('btwin.%I', t.table_name)) AND c.relkind <> 'r';
    IF FOUND THEN
        RAISE EXCEPTION '% is not a table', taken
            USING ERRCODE = 'wrong_object_type',
                  DETAIL = 'It was not made by btwin.attach.',
                  HINT = 'Rename or drop it: attach keeps a table of that name.';
    END IF;
    RETURN true;
END
$check_records$;
COMMENT ON FUNCTION btwin._check_records(name, boolean) IS
'Internal: raises an error where the name of one of these tables is taken.';

CREATE FUNCTION btwin._attach_records(schema_name name, create_indexes boolean)
RETURNS TABLE (object text, kind text, action text, detail text)
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $attach_records$
#variable_conflict use_column
DECLARE
    model   record;
    part    record;
BEGIN
    kind := 'record';
    FOR model IN SELECT t.table_name, t.key, t.index_columns, t.comment, pg_get_userbyid(c.relowner) AS made_by
                 FROM btwin._record_tables() t LEFT JOIN pg_class c ON c.oid = to_regclass(format('btwin.%I', t.table_name))
                 ORDER BY t.table_name
    LOOP
        object := format('btwin.%I', model.table_name);
        detail := 'cannot be worked out again';
        action := 'found';
        IF model.made_by IS NULL THEN
            EXECUTE format('CREATE TABLE %s (%s, PRIMARY KEY (%s))', object,
                           (SELECT string_agg(format('%I %s', c.column_name, c.definition), ', ' ORDER BY c.place)
                            FROM btwin._record_columns() c WHERE c.table_name = model.table_name), model.key);
            EXECUTE format('COMMENT ON TABLE %s IS %L', object, model.comment);
            FOR part IN SELECT c.column_name, c.comment FROM btwin._record_columns() c WHERE c.table_name = model.table_name ORDER BY c.place LOOP
                EXECUTE format('COMMENT ON COLUMN %s.%I IS %L', object, part.column_name, part.comment);
            END LOOP;
            IF model.index_columns IS NOT NULL THEN
                EXECUTE format('CREATE INDEX ON %s (%s)', object, model.index_columns);
            END IF;
            action := 'created';
        ELSIF model.made_by <> current_user THEN
            -- left over from an earlier attach under another owner; who may attach
            -- for this owner, a superuser as a rule, may hand it over
            PERFORM btwin._execute_as('none', format('ALTER TABLE %s OWNER TO %I', object, current_user));
            action := 'changed';
        END IF;
        RETURN NEXT;
    END LOOP;
END
$attach_records$;
COMMENT ON FUNCTION btwin._attach_records(name, boolean) IS
'Internal: creates the tables of btwin._record_tables().';

CREATE FUNCTION btwin._detach_records(drop_derived boolean, drop_data boolean)
RETURNS TABLE (object text, kind text, action text, detail text)
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $detach_records$
DECLARE
    part name;
BEGIN
    kind := 'record';
    FOR part IN SELECT t.table_name FROM btwin._record_tables() t LOOP
        CONTINUE WHEN to_regclass(format('btwin.%I', part)) IS NULL;
        object := format('btwin.%I', part);
        IF drop_data THEN
            EXECUTE format('DROP TABLE btwin.%I', part);
            action := 'dropped';
            detail := 'drop_data: its rows were nowhere else';
        ELSE
            action := 'kept';
            detail := 'cannot be worked out again; drop_data => true drops it';
        END IF;
        RETURN NEXT;
    END LOOP;
END
$detach_records$;
COMMENT ON FUNCTION btwin._detach_records(boolean, boolean) IS
'Internal: keeps these tables, or drops them with drop_data.';

INSERT INTO btwin.attach_step (position, step, check_function, attach_function, detach_function, comment) VALUES
    (62, 'records', 'btwin._check_records', 'btwin._attach_records', 'btwin._detach_records', 'what cannot be worked out again');
