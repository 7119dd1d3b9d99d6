-- The store: what has been worked out of closed days, so that an answer about a
-- whole history reads a few rows instead of all of them.
--
-- Three tiers, one small state per row: btwin.user_day, btwin.user_month (merged
-- days), btwin.user_total (merged months, up to a stated day). Nothing in them is
-- the only copy of anything: btwin.rebuild() makes them anew from the tables of
-- the application. attach creates them, they belong to its owner.

CREATE TABLE btwin.store_family (
    family          text PRIMARY KEY,
    position        integer NOT NULL UNIQUE,
    state_column    name NOT NULL,
    window_days     integer CHECK (window_days > 0),
    counted         text NOT NULL,
    summed          text NOT NULL,
    comment         text NOT NULL
);
COMMENT ON TABLE btwin.store_family IS
'What the store keeps of a learner: one row per kind of state, the value of "family" in btwin.user_day, btwin.user_month and btwin.user_total';
COMMENT ON COLUMN btwin.store_family.family IS 'Name';
COMMENT ON COLUMN btwin.store_family.position IS 'Order';
COMMENT ON COLUMN btwin.store_family.state_column IS 'Column of the store that holds its state';
COMMENT ON COLUMN btwin.store_family.window_days IS 'An answer reads so many days up to its moment; NULL: the whole history';
COMMENT ON COLUMN btwin.store_family.counted IS 'What column n_rows counts';
COMMENT ON COLUMN btwin.store_family.summed IS 'What column total sums';
COMMENT ON COLUMN btwin.store_family.comment IS 'What the state is of';
GRANT SELECT ON btwin.store_family TO PUBLIC;

INSERT INTO btwin.store_family (family, position, state_column, window_days, counted, summed, comment) VALUES
    ('hour',             1,  'pattern',    182,  'sessions with a reported score',    'their scores, 0 to 1', 'scores of sessions by hour of the learner''s clock'),
    ('weekday',          2,  'pattern',    182,  'sessions with a reported score',    'their scores, 0 to 1', 'scores of sessions by weekday, 0 is Sunday'),
    ('content',          3,  'pattern',    182,  'sessions with a reported score',    'their scores, 0 to 1', 'scores of sessions by kind of content'),
    ('length',           4,  'pattern',    182,  'sessions with a reported score',    'their scores, 0 to 1', 'scores of sessions by their minutes'),
    ('hour_answered',    5,  'pattern',    182,  'sessions without a reported score', 'shares of answers not AGAIN', 'as hour, for sessions nobody reported a score of'),
    ('weekday_answered', 6,  'pattern',    182,  'sessions without a reported score', 'shares of answers not AGAIN', 'as weekday, for sessions nobody reported a score of'),
    ('length_answered',  7,  'pattern',    182,  'sessions without a reported score', 'shares of answers not AGAIN', 'as length, for sessions nobody reported a score of'),
    ('forgetting',       8,  'forgetting', NULL, 'reviews',                           'reviews not AGAIN',    'reviews of cards and their outcomes'),
    ('struggle',         9,  'struggle',   NULL, 'predictions with an outcome',       'of them struggled',    'a step of training at the prior model, over predictions whose outcome is known'),
    ('load',             10, 'load',       NULL, 'sessions with answers',             'their minutes',        'the learner''s baseline of cognitive load'),
    ('burnout',          11, 'burnout',    125,  'rows of five tables',               'minutes studied',      'days of study, load, answers and missions'),
    ('bandit',           12, 'bandit',     NULL, 'outcomes of a strategy',            'their performance, 0 to 1', 'rewards of strategies');

-- The columns the three tiers share, with their comments.
CREATE FUNCTION btwin._store_tiers()
RETURNS TABLE (tier name, period name, period_comment text, table_comment text)
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $store_tiers$
VALUES ('user_day'::name, 'day'::name, 'Day of the learner''s calendar',
        'What closed days of learners hold: one row per learner, family and day; days without rows have none'),
       ('user_month', 'month', 'First day of the month',
        'Merged days: one row per learner, family and month all of whose days are closed'),
       ('user_total', 'up_to', 'Last day that is in it',
        'Merged months: one row per learner and family that reads the whole history')
$store_tiers$;
COMMENT ON FUNCTION btwin._store_tiers() IS
'Internal: the tiers of the store, the name of their period column, comments.';

CREATE FUNCTION btwin._store_tables() RETURNS name[]
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $store_tables$SELECT '{user_day,user_month,user_total,user_mark,late_change,refresh_clock,refresh_run,store_partition,store_content}'::name[]$store_tables$;
COMMENT ON FUNCTION btwin._store_tables() IS
'Internal: names of the tables that attach makes for the store.';

CREATE FUNCTION btwin._check_store(schema_name name, create_indexes boolean) RETURNS boolean
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $check_store$
DECLARE
    taken text;
BEGIN
    SELECT format('btwin.%I', n.name) INTO taken
    FROM unnest(btwin._store_tables()) AS n (name)
    JOIN pg_class c ON c.oid = to_regclass(format('btwin.%I', n.name)) AND c.relkind <> 'r';
    IF FOUND THEN
        RAISE EXCEPTION '% is not a table', taken
            USING ERRCODE = 'wrong_object_type',
                  DETAIL = 'It was not made by btwin.attach.',
                  HINT = 'Rename or drop it: attach keeps a table of that name.';
    END IF;
    RETURN true;
END
$check_store$;
COMMENT ON FUNCTION btwin._check_store(name, boolean) IS
'Internal: raises an error where the name of a table of the store is taken.';

CREATE FUNCTION btwin._attach_store(schema_name name, create_indexes boolean)
RETURNS TABLE (object text, kind text, action text, detail text)
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $attach_store$
#variable_conflict use_column
DECLARE
    part record;
BEGIN
    kind := 'store';
    FOR part IN SELECT * FROM btwin._store_tiers() LOOP
        object := format('btwin.%I', part.tier);
        detail := format('one row per learner, family and %s', part.period);
        action := 'found';
        IF to_regclass(object) IS NULL THEN
            -- a state never goes out of line: a read fetches rows, not chunks
            EXECUTE format($create$CREATE TABLE btwin.%1$I (
                user_id     text NOT NULL,
                family      text NOT NULL,
                %2$I        date NOT NULL,
                n_rows      bigint NOT NULL,
                total       double precision,
                pattern     btwin.pattern,
                forgetting  btwin.forgetting,
                struggle    btwin.logit_step,
                load        btwin.load_baseline,
                burnout     btwin.burnout,
                bandit      btwin.bandit,
                PRIMARY KEY (user_id, family%3$s)
            )$create$, part.tier, part.period, CASE WHEN part.tier <> 'user_total' THEN format(', %I', part.period) END);
            EXECUTE format('ALTER TABLE btwin.%I ALTER pattern SET STORAGE MAIN, ALTER forgetting SET STORAGE MAIN, ALTER struggle SET STORAGE MAIN, ALTER load SET STORAGE MAIN, ALTER burnout SET STORAGE MAIN, ALTER bandit SET STORAGE MAIN', part.tier);
            EXECUTE format('COMMENT ON TABLE btwin.%I IS %L', part.tier, part.table_comment);
            EXECUTE format('COMMENT ON COLUMN btwin.%I.user_id IS %L', part.tier, 'Learner');
            EXECUTE format('COMMENT ON COLUMN btwin.%I.family IS %L', part.tier, 'Kind of state, see btwin.store_family');
            EXECUTE format('COMMENT ON COLUMN btwin.%I.%I IS %L', part.tier, part.period, part.period_comment);
            EXECUTE format('COMMENT ON COLUMN btwin.%I.n_rows IS %L', part.tier, 'How much is in it: btwin.store_family.counted says of what');
            EXECUTE format('COMMENT ON COLUMN btwin.%I.total IS %L', part.tier, 'A sum: btwin.store_family.summed says of what');
            EXECUTE format('COMMENT ON COLUMN btwin.%I.pattern IS %L', part.tier, 'State of the families about habits');
            EXECUTE format('COMMENT ON COLUMN btwin.%I.forgetting IS %L', part.tier, 'State of forgetting');
            EXECUTE format('COMMENT ON COLUMN btwin.%I.struggle IS %L', part.tier, 'State of struggle');
            EXECUTE format('COMMENT ON COLUMN btwin.%I.load IS %L', part.tier, 'State of load');
            EXECUTE format('COMMENT ON COLUMN btwin.%I.burnout IS %L', part.tier, 'State of burnout');
            EXECUTE format('COMMENT ON COLUMN btwin.%I.bandit IS %L', part.tier, 'State of bandit');
            action := 'created';
        END IF;
        RETURN NEXT;
    END LOOP;

    object := 'btwin.user_mark';
    detail := 'up to which day a learner is closed';
    action := 'found';
    IF to_regclass(object) IS NULL THEN
        CREATE TABLE btwin.user_mark (
            user_id         text PRIMARY KEY,
            closed_through  date NOT NULL,
            total_through   date NOT NULL,
            time_zone       text NOT NULL,
            refreshed_at    timestamptz NOT NULL
        );
        COMMENT ON TABLE btwin.user_mark IS 'The watermark of each learner: days up to it are in the store, later ones are read live';
        COMMENT ON COLUMN btwin.user_mark.user_id IS 'Learner';
        COMMENT ON COLUMN btwin.user_mark.closed_through IS 'Last closed day of the learner''s calendar';
        COMMENT ON COLUMN btwin.user_mark.total_through IS 'Last day of the last month all of whose days are closed: btwin.user_total reaches up to it';
        COMMENT ON COLUMN btwin.user_mark.time_zone IS 'Zone whose days are stored; where the learner has another one now, nothing stored is read until a refresh';
        COMMENT ON COLUMN btwin.user_mark.refreshed_at IS 'When a refresh last looked at the learner';
        action := 'created';
    END IF;
    RETURN NEXT;

    object := 'btwin.late_change';
    detail := 'notes of changes to days that may be closed';
    action := 'found';
    IF to_regclass(object) IS NULL THEN
        -- no key that two writers could wait for each other on
        CREATE TABLE btwin.late_change (
            user_id     text,
            from_day    date NOT NULL,
            to_day      date NOT NULL,
            noted_at    timestamptz NOT NULL DEFAULT clock_timestamp()
        );
        CREATE INDEX late_change_user ON btwin.late_change (user_id);
        -- deleted rows must be found by a publication for all tables
        ALTER TABLE btwin.late_change REPLICA IDENTITY FULL;
        COMMENT ON TABLE btwin.late_change IS 'Notes of changes to old rows, written by triggers, taken by refresh: until then the noted days are read live';
        COMMENT ON COLUMN btwin.late_change.user_id IS 'Learner; NULL: all of them';
        COMMENT ON COLUMN btwin.late_change.from_day IS 'First day, in UTC';
        COMMENT ON COLUMN btwin.late_change.to_day IS 'Last day, in UTC';
        COMMENT ON COLUMN btwin.late_change.noted_at IS 'When written';
        action := 'created';
    END IF;
    RETURN NEXT;

    object := 'btwin.refresh_clock';
    detail := 'moments and transaction numbers';
    action := 'found';
    IF to_regclass(object) IS NULL THEN
        CREATE TABLE btwin.refresh_clock (
            xid         xid8 PRIMARY KEY,
            taken_at    timestamptz NOT NULL,
            system_id   bigint NOT NULL
        );
        COMMENT ON TABLE btwin.refresh_clock IS 'What refresh knows of time: every transaction numbered later than xid began to write after taken_at';
        COMMENT ON COLUMN btwin.refresh_clock.xid IS 'Transaction that a refresh took after the moment';
        COMMENT ON COLUMN btwin.refresh_clock.taken_at IS 'The moment';
        COMMENT ON COLUMN btwin.refresh_clock.system_id IS 'System identifier of the server: numbers of another one mean nothing';
        action := 'created';
    END IF;
    RETURN NEXT;

    object := 'btwin.store_partition';
    detail := 'partitions the last refresh saw';
    action := 'found';
    IF to_regclass(object) IS NULL THEN
        CREATE TABLE btwin.store_partition (
            table_name  name NOT NULL,
            relation    oid NOT NULL,
            trigger_id  oid NOT NULL,
            PRIMARY KEY (table_name, relation)
        );
        COMMENT ON TABLE btwin.store_partition IS 'Tables and partitions as the last refresh saw them: what came or went since brought or took rows without a trigger';
        COMMENT ON COLUMN btwin.store_partition.table_name IS 'Table of the data model';
        COMMENT ON COLUMN btwin.store_partition.relation IS 'Table or partition that holds rows of it';
        COMMENT ON COLUMN btwin.store_partition.trigger_id IS 'Its trigger for new rows, 0 for none: another one now means that nothing was noted for a while';
        action := 'created';
    END IF;
    RETURN NEXT;

    object := 'btwin.store_content';
    detail := 'digests of months, where no triggers note changes';
    action := 'found';
    IF to_regclass(object) IS NULL THEN
        CREATE TABLE btwin.store_content (
            user_id     text NOT NULL,
            month       date NOT NULL,
            digest      text NOT NULL,
            PRIMARY KEY (user_id, month)
        );
        COMMENT ON TABLE btwin.store_content IS 'What the tables held when a refresh last compared them, by learner and month; only where no triggers note changes';
        COMMENT ON COLUMN btwin.store_content.user_id IS 'Learner';
        COMMENT ON COLUMN btwin.store_content.month IS 'First day of the month, in UTC';
        COMMENT ON COLUMN btwin.store_content.digest IS 'Of the rows of all tables that the store is worked out from';
        action := 'created';
    END IF;
    RETURN NEXT;

    object := 'btwin.refresh_run';
    detail := 'a row per run of refresh';
    action := 'found';
    IF to_regclass(object) IS NULL THEN
        CREATE TABLE btwin.refresh_run (
            run_id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            started_at      timestamptz NOT NULL,
            finished_at     timestamptz,
            learners        bigint NOT NULL,
            learners_done   bigint NOT NULL DEFAULT 0,
            days_written    bigint NOT NULL DEFAULT 0,
            closed_before   timestamptz,
            outcome         text NOT NULL DEFAULT 'running' CHECK (outcome IN ('running', 'done', 'failed', 'abandoned')),
            error           text
        );
        COMMENT ON TABLE btwin.refresh_run IS 'Runs of refresh and how far they came';
        COMMENT ON COLUMN btwin.refresh_run.run_id IS 'Number';
        COMMENT ON COLUMN btwin.refresh_run.started_at IS 'Start';
        COMMENT ON COLUMN btwin.refresh_run.finished_at IS 'End; NULL while it runs, or when its server stopped';
        COMMENT ON COLUMN btwin.refresh_run.learners IS 'Learners with something to do';
        COMMENT ON COLUMN btwin.refresh_run.learners_done IS 'Of them done and committed';
        COMMENT ON COLUMN btwin.refresh_run.days_written IS 'Rows of btwin.user_day written';
        COMMENT ON COLUMN btwin.refresh_run.closed_before IS 'Days that ended before this moment could be closed; NULL: none yet';
        COMMENT ON COLUMN btwin.refresh_run.outcome IS 'running, done, failed, or abandoned (found unfinished by a later run)';
        COMMENT ON COLUMN btwin.refresh_run.error IS 'First error of a learner, whose turn comes again; NULL: none';
        action := 'created';
    END IF;
    RETURN NEXT;
END
$attach_store$;
COMMENT ON FUNCTION btwin._attach_store(name, boolean) IS
'Internal: creates the tables of the store.';

CREATE FUNCTION btwin._detach_store(drop_derived boolean, drop_data boolean)
RETURNS TABLE (object text, kind text, action text, detail text)
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $detach_store$
DECLARE
    part name;
BEGIN
    kind := 'store';
    FOREACH part IN ARRAY btwin._store_tables() LOOP
        CONTINUE WHEN to_regclass(format('btwin.%I', part)) IS NULL;
        object := format('btwin.%I', part);
        IF drop_derived THEN
            EXECUTE format('DROP TABLE btwin.%I', part);
            action := 'dropped';
            detail := 'drop_derived: can be computed anew';
        ELSE
            action := 'kept';
            detail := 'computed anew by the next refresh; drop_derived => true drops it';
            -- while detached nobody notes changes: nothing stored counts any more
            IF part = 'user_mark' THEN
                DELETE FROM btwin.user_mark;
                DELETE FROM btwin.store_partition;
                DELETE FROM btwin.store_content;
            END IF;
        END IF;
        RETURN NEXT;
    END LOOP;
END
$detach_store$;
COMMENT ON FUNCTION btwin._detach_store(boolean, boolean) IS
'Internal: empties the watermarks, or drops the store with drop_derived.';

INSERT INTO btwin.attach_step (position, step, check_function, attach_function, detach_function, comment) VALUES
    (50, 'store', 'btwin._check_store', 'btwin._attach_store', 'btwin._detach_store', 'the store');
