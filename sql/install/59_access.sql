-- Who calls, for whom, and what a call that cannot be answered is told: what every
-- function of btwin_api begins with.
--
-- None of this protects anything by itself. Rows are guarded by the policies of
-- btwin.secure(); a caller who gets round these checks meets those.

-- Settings

CREATE FUNCTION btwin._attach_access(schema_name name, create_indexes boolean)
RETURNS TABLE (object text, kind text, action text, detail text)
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $attach_access$
#variable_conflict use_column
DECLARE
    made_by name := (SELECT pg_get_userbyid(c.relowner) FROM pg_class c WHERE c.oid = to_regclass('btwin.access'));
BEGIN
    object := 'btwin.access';
    kind := 'settings';
    action := 'found';
    IF made_by IS NULL THEN
        CREATE TABLE btwin.access (
            only_one        boolean PRIMARY KEY DEFAULT true CHECK (only_one),
            claim_sources   text[] NOT NULL DEFAULT '{request.jwt.claims->>sub,app.current_user_id,btwin.user_id}' CHECK (cardinality(claim_sources) BETWEEN 1 AND 10),
            app_role        name,
            service_role    name,
            bi_role         name
        );
        COMMENT ON TABLE btwin.access IS 'Who may call btwin_api, and where the caller''s id is found; one row, written by btwin.secure()';
        COMMENT ON COLUMN btwin.access.only_one IS 'One row';
        COMMENT ON COLUMN btwin.access.claim_sources IS 'Settings that may hold the caller''s id, in the order they are asked; "name->>key" reads a key of a setting that holds a JSON object';
        COMMENT ON COLUMN btwin.access.app_role IS 'Role of learners; NULL: btwin.secure() was not called';
        COMMENT ON COLUMN btwin.access.service_role IS 'Role that may ask for any learner; NULL: only the owner may';
        COMMENT ON COLUMN btwin.access.bi_role IS 'Role of BI tools that may read rows of single learners; NULL: none';
        INSERT INTO btwin.access DEFAULT VALUES;
        action := 'created';
    ELSIF made_by <> current_user THEN
        PERFORM btwin._execute_as('none', format('ALTER TABLE btwin.access OWNER TO %I', current_user));
        action := 'changed';
    END IF;
    detail := (SELECT 'the caller is ' || array_to_string(a.claim_sources, ', else ') FROM btwin.access a);
    RETURN NEXT;
END
$attach_access$;
COMMENT ON FUNCTION btwin._attach_access(name, boolean) IS
'Internal: creates btwin.access.';

CREATE FUNCTION btwin._check_access(schema_name name, create_indexes boolean) RETURNS boolean
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $check_access$
BEGIN
    IF EXISTS (SELECT FROM pg_class c WHERE c.oid = to_regclass('btwin.access') AND c.relkind <> 'r') THEN
        RAISE EXCEPTION 'btwin.access is not a table'
            USING ERRCODE = 'wrong_object_type',
                  DETAIL = 'It was not made by btwin.attach.',
                  HINT = 'Rename or drop it: attach keeps a table of that name.';
    END IF;
    RETURN true;
END
$check_access$;
COMMENT ON FUNCTION btwin._check_access(name, boolean) IS
'Internal: raises an error where the name btwin.access is taken.';

CREATE FUNCTION btwin._detach_access(drop_derived boolean, drop_data boolean)
RETURNS TABLE (object text, kind text, action text, detail text)
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $detach_access$
BEGIN
    IF to_regclass('btwin.access') IS NOT NULL THEN
        object := 'btwin.access';
        kind := 'settings';
        IF drop_data THEN
            DROP TABLE btwin.access;
            action := 'dropped';
            detail := 'drop_data';
        ELSE
            action := 'kept';
            detail := 'settings; drop_data => true drops it';
        END IF;
        RETURN NEXT;
    END IF;
END
$detach_access$;
COMMENT ON FUNCTION btwin._detach_access(boolean, boolean) IS
'Internal: keeps btwin.access, or drops it with drop_data.';

INSERT INTO btwin.attach_step (position, step, check_function, attach_function, detach_function, comment) VALUES
    (64, 'access', 'btwin._check_access', 'btwin._attach_access', 'btwin._detach_access', 'btwin.access');

-- What a call is refused with: one sentence, a DETAIL that a program reads, a HINT

CREATE FUNCTION btwin._refuse(status text, code text, message text, hint text, argument text DEFAULT NULL) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $refuse$
BEGIN
    RAISE EXCEPTION USING
        ERRCODE = status,
        MESSAGE = message,
        DETAIL = CASE WHEN argument IS NULL THEN jsonb_build_object('code', code)
                      ELSE jsonb_build_object('code', code, 'argument', argument) END::text,
        HINT = hint;
END
$refuse$;
COMMENT ON FUNCTION btwin._refuse(text, text, text, text, text) IS
'Internal: raises an error of btwin_api. status: PT400, PT403, PT404, PT409 or PT422, which PostgREST answers with that HTTP status.';

-- Arguments. NULL passes where nothing else is said: a filter that is not given
-- filters nothing. These are expressions that the planner puts in the place of
-- the call: where nothing is wrong no function runs.

CREATE FUNCTION btwin._need(argument text, is_given boolean) RETURNS boolean
    LANGUAGE sql STABLE PARALLEL SAFE
RETURN CASE WHEN NOT is_given
            THEN btwin._refuse('PT400', 'missing_argument', format('argument "%s" is missing', argument), 'Give it a value that is not null.', argument)
            ELSE true END;
COMMENT ON FUNCTION btwin._need(text, boolean) IS
'Internal: PT400 missing_argument where an argument was not given.';

-- NaN is above everything
CREATE FUNCTION btwin._check_between(argument text, value float8, low float8, high float8) RETURNS boolean
    LANGUAGE sql STABLE PARALLEL SAFE
RETURN CASE WHEN value NOT BETWEEN low AND high
            THEN btwin._refuse('PT400', 'out_of_range', format('argument "%s" is %s', argument, value), format('Needed is a number from %s to %s.', low, high), argument)
            ELSE true END;
COMMENT ON FUNCTION btwin._check_between(text, float8, float8, float8) IS
'Internal: PT400 out_of_range for a number outside [low, high]; NULL passes.';

CREATE FUNCTION btwin._check_one_of(argument text, value text, allowed text[]) RETURNS boolean
    LANGUAGE sql STABLE PARALLEL SAFE
RETURN CASE WHEN value <> ALL (allowed)
            THEN btwin._refuse('PT400', 'not_allowed_value', format('argument "%s" has a value that is not allowed', argument),
                               format('Allowed are %s.', array_to_string(allowed, ', ')), argument)
            ELSE true END;
COMMENT ON FUNCTION btwin._check_one_of(text, text, text[]) IS
'Internal: PT400 not_allowed_value for a text outside the list, which the hint shows; NULL passes.';

CREATE FUNCTION btwin._check_enum_value(argument text, value text, enum_name text, also text[]) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $check_enum_value$
BEGIN
    PERFORM btwin._check_one_of(argument, value, e.allowed || _check_enum_value.also)
    FROM btwin.domain_enum e WHERE e.enum_name = _check_enum_value.enum_name;
    RETURN true;
END
$check_enum_value$;
COMMENT ON FUNCTION btwin._check_enum_value(text, text, text, text[]) IS
'Internal: btwin._check_enum() of a text that is not NULL.';

CREATE FUNCTION btwin._check_enum(argument text, value text, enum_name text, also text[] DEFAULT '{}') RETURNS boolean
    LANGUAGE sql STABLE PARALLEL SAFE
RETURN CASE WHEN value IS NOT NULL THEN btwin._check_enum_value(argument, value, enum_name, also) ELSE true END;
COMMENT ON FUNCTION btwin._check_enum(text, text, text, text[]) IS
'Internal: PT400 not_allowed_value for a text that is no value of an enumeration of the data model, nor one of the others; NULL passes.';

CREATE FUNCTION btwin._check_method(method_is text) RETURNS boolean
    LANGUAGE sql STABLE PARALLEL SAFE
RETURN btwin._need('method_is', method_is IS NOT NULL) AND btwin._check_one_of('method_is', method_is, '{btwin,epic5}');
COMMENT ON FUNCTION btwin._check_method(text) IS
'Internal: the method is btwin or epic5, else PT400.';

CREATE FUNCTION btwin._check_max_rows(max_rows integer, most integer) RETURNS boolean
    LANGUAGE sql STABLE PARALLEL SAFE
RETURN btwin._need('max_rows', max_rows IS NOT NULL) AND btwin._check_between('max_rows', max_rows, 1, most);
COMMENT ON FUNCTION btwin._check_max_rows(integer, integer) IS
'Internal: the number of rows asked for is 1 to most, else PT400.';

CREATE FUNCTION btwin._check_time(argument text, moment timestamptz) RETURNS boolean
    LANGUAGE sql STABLE PARALLEL SAFE
RETURN CASE WHEN moment NOT BETWEEN timestamptz '0001-01-01 00:00+00' AND timestamptz '9999-12-31 00:00+00'
            THEN btwin._refuse('PT400', 'out_of_range', format('argument "%s" is %s', argument, moment), 'Needed is a moment of the years 1 to 9999.', argument)
            ELSE true END;
COMMENT ON FUNCTION btwin._check_time(text, timestamptz) IS
'Internal: PT400 out_of_range for a moment that is none or outside the years 1 to 9999, so that a window before it or after it has ends; NULL passes.';

CREATE FUNCTION btwin._check_span(start_at timestamptz, end_at timestamptz) RETURNS boolean
    LANGUAGE sql STABLE PARALLEL SAFE
RETURN CASE WHEN start_at >= end_at
            THEN btwin._refuse('PT400', 'out_of_range', 'argument "start_at" is not before "end_at"', 'The range holds start_at and ends before end_at.', 'start_at')
            ELSE true END;
COMMENT ON FUNCTION btwin._check_span(timestamptz, timestamptz) IS
'Internal: PT400 out_of_range where a range is empty.';

CREATE FUNCTION btwin._moment_ahead(as_of timestamptz) RETURNS timestamptz
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $moment_ahead$
BEGIN
    PERFORM btwin._check_time('as_of', as_of);
    -- clocks of callers go ahead a little
    IF as_of > now() + interval '5 minutes' THEN
        PERFORM btwin._refuse('PT400', 'out_of_range', 'argument "as_of" lies in the future', 'Leave it out to ask for now.', 'as_of');
    END IF;
    RETURN least(as_of, now());
END
$moment_ahead$;
COMMENT ON FUNCTION btwin._moment_ahead(timestamptz) IS
'Internal: btwin._moment() of a moment that is not over, or of no year from 1 to 9999.';

CREATE FUNCTION btwin._moment(as_of timestamptz) RETURNS timestamptz
    LANGUAGE sql STABLE PARALLEL SAFE
RETURN CASE WHEN as_of IS NULL THEN now() WHEN as_of BETWEEN timestamptz '0001-01-01 00:00+00' AND now() THEN as_of ELSE btwin._moment_ahead(as_of) END;
COMMENT ON FUNCTION btwin._moment(timestamptz) IS
'Internal: the moment an answer is for: as_of, now for NULL and for up to 5 minutes ahead; PT400 out_of_range for more, or a moment of no year from 1 to 9999.';

-- Identity

CREATE FUNCTION btwin._claim(claim_sources text[]) RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $claim$
DECLARE
    source  text;
    found   text;
    key_at  integer;
BEGIN
    FOREACH source IN ARRAY claim_sources LOOP
        -- '' is what a setting of an earlier transaction leaves on a pooled connection
        key_at := strpos(source, '->>');
        IF key_at > 0 THEN
            found := nullif(current_setting(left(source, key_at - 1), true), '')::jsonb ->> substr(source, key_at + 3);
        ELSE
            found := current_setting(source, true);
        END IF;
        IF found <> '' THEN
            RETURN found;
        END IF;
    END LOOP;
    RETURN NULL;
END
$claim$;
COMMENT ON FUNCTION btwin._claim(text[]) IS
'Internal: id of the learner who calls, from the first setting that has one; NULL: no claim. Error 22P02 where a setting that should hold JSON does not.';

CREATE FUNCTION btwin._is_service() RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $is_service$
BEGIN
    RETURN EXISTS (SELECT FROM btwin.access a JOIN pg_class c ON c.oid = a.tableoid
                   WHERE pg_has_role(c.relowner, 'USAGE')
                      OR pg_has_role((SELECT r.oid FROM pg_roles r WHERE r.rolname = a.service_role), 'USAGE'));
END
$is_service$;
COMMENT ON FUNCTION btwin._is_service() IS
'Internal: the current role is the owner of what is attached, or the role that btwin.secure() named for services, or has the rights of one of them.';

CREATE FUNCTION btwin._identify(user_id text, gated boolean, writes boolean) RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $identify$
DECLARE
    claim       text;
    is_attached boolean;
    is_service  boolean;
    learner     text;
    is_analysed boolean;
BEGIN
    IF to_regclass('btwin.access') IS NOT NULL THEN
        SELECT btwin._claim(a.claim_sources), t.detached_at IS NULL INTO claim, is_attached FROM btwin.access a CROSS JOIN btwin.attachment t;
    END IF;
    IF is_attached IS NOT TRUE THEN
        PERFORM btwin._refuse('PT400', 'not_attached', 'btwin is not attached to a schema of this database', 'SELECT * FROM btwin.attach()');
    END IF;
    learner := coalesce(_identify.user_id, claim);
    -- who asks for oneself is known without a look at roles
    is_service := learner IS DISTINCT FROM claim AND btwin._is_service();
    IF NOT is_service AND claim IS NULL THEN
        IF btwin._is_service() THEN
            PERFORM btwin._refuse('PT400', 'user_required', 'argument "user_id" is missing', 'A service names the learner.', 'user_id');
        END IF;
        PERFORM btwin._refuse('PT403', 'no_claim', 'the caller is not known',
                              'Set the claim of the caller: request.jwt.claims, app.current_user_id or btwin.user_id, unless btwin.secure() was told otherwise.');
    ELSIF NOT is_service AND learner <> claim THEN
        PERFORM btwin._refuse_foreign(false);
    END IF;

    SELECT u.behavioral_analysis_enabled INTO is_analysed FROM btwin.users u WHERE u.id = learner;
    IF NOT FOUND THEN
        -- a learner who has just signed up may be unknown here yet
        IF is_service THEN
            PERFORM btwin._refuse('PT404', 'unknown_learner', 'the learner is not known', 'Name a learner who is among the users.', 'user_id');
        ELSIF writes THEN
            PERFORM btwin._refuse_foreign(false);
        END IF;
    ELSIF gated AND NOT is_analysed THEN
        PERFORM btwin._refuse('PT403', 'analysis_disabled', 'behavioural analysis is switched off', 'The learner can switch it on: users.behavioral_analysis_enabled.');
    END IF;
    RETURN learner;
END
$identify$;
COMMENT ON FUNCTION btwin._identify(text, boolean, boolean) IS
'Internal: btwin._caller() where something is out of the ordinary, and everything that it refuses.';

CREATE FUNCTION btwin._known_caller(user_id text, gated boolean) RETURNS text
LANGUAGE c STABLE PARALLEL SAFE
AS 'MODULE_PATHNAME', 'btwin_known_caller';
COMMENT ON FUNCTION btwin._known_caller(text, boolean) IS
'Internal: the learner who calls, where a learner asks for what is the learner''s own, is among the users and, where gated, analysed; NULL for everything else.';

CREATE FUNCTION btwin._caller(user_id text, gated boolean DEFAULT true, writes boolean DEFAULT false) RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
RETURN coalesce(btwin._known_caller(user_id, gated), btwin._identify(user_id, gated, writes));
COMMENT ON FUNCTION btwin._caller(text, boolean, boolean) IS
'Internal: the learner a call is about: the one named, by default the caller. gated: refuse where analysis is switched off; writes: the learner must be among the users. Errors: PT400 not_attached, user_required; PT403 no_claim, forbidden, analysis_disabled; PT404 unknown_learner.';

CREATE FUNCTION btwin._refuse_foreign(is_service boolean DEFAULT btwin._is_service()) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $refuse_foreign$
BEGIN
    IF is_service THEN
        RETURN btwin._refuse('PT404', 'unknown_id', 'the learner has nothing with this id', 'Ask for the learner''s list, and take an id from it.');
    END IF;
    RETURN btwin._refuse('PT403', 'forbidden', 'this is not for the caller', 'Learners reach what is theirs, by its id.');
END
$refuse_foreign$;
COMMENT ON FUNCTION btwin._refuse_foreign(boolean) IS
'Internal: what is said of something that is not the learner''s: PT403 to learners, whether it exists or not, PT404 to services. Whoever calls it has looked for the id among the learner''s rows (user_id = learner AND id IS NOT DISTINCT FROM ...), not by the key, so that another''s row is not even read.';

-- Time zone

CREATE FUNCTION btwin._known_zone(user_id text) RETURNS text
LANGUAGE c STABLE PARALLEL SAFE
AS 'MODULE_PATHNAME', 'btwin_known_zone';
COMMENT ON FUNCTION btwin._known_zone(text) IS
'Internal: what btwin.learner_time_zone() answers; NULL where that has to look closer.';

CREATE FUNCTION btwin._zone(user_id text) RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
RETURN coalesce(btwin._known_zone(user_id), btwin.learner_time_zone(user_id));
COMMENT ON FUNCTION btwin._zone(text) IS
'Internal: the time zone of a learner, as btwin.learner_time_zone() answers it.';
