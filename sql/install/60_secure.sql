-- secure: who may see and call what. Row security and policies on every table with
-- rows of learners, and the rights that three roles need: one for learners, one for
-- services that act for any of them, one for BI tools.
--
-- Policies are plain expressions over the server's own functions: whatever becomes
-- of btwin, no table is left that denies everybody. The policies of secure are known
-- by their name and their comment, which holds a digest of the definition: those that
-- are not as they should be are made anew, all other policies are never touched.
--
-- secure plans first (_secure_policies, _secure_grants), which only reads, and then
-- executes the statements of the plan; dry_run stops in between.

-- Where the caller's id is found

CREATE FUNCTION btwin._check_claim_sources(claim_sources text[]) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $check_claim_sources$
DECLARE
    source text;
BEGIN
    IF coalesce(cardinality(claim_sources), 0) NOT BETWEEN 1 AND 10 THEN
        RAISE EXCEPTION 'claim_sources must name 1 to 10 settings'
            USING ERRCODE = 'invalid_parameter_value', HINT = 'Leave the argument out to keep those of btwin.access.';
    END IF;
    FOREACH source IN ARRAY claim_sources LOOP
        -- settings of the server itself have no dot
        IF source IS NULL OR source !~ '^[A-Za-z_][A-Za-z0-9_]*([.][A-Za-z_][A-Za-z0-9_]*)+(->>.+)?$' THEN
            RAISE EXCEPTION 'claim source "%" is not one', source
                USING ERRCODE = 'invalid_parameter_value',
                      DETAIL = 'Needed is the name of a setting with a dot in it, or one that holds a JSON object, "->>" and a key.',
                      HINT = 'For example app.current_user_id, or request.jwt.claims->>sub.';
        END IF;
    END LOOP;
    RETURN true;
END
$check_claim_sources$;
COMMENT ON FUNCTION btwin._check_claim_sources(text[]) IS
'Internal: 22023 unless all are settings, with a key where they hold JSON.';

-- The scalar subquery makes the server evaluate it once for a statement, not once
-- for a row, and compare it in an index.
CREATE FUNCTION btwin._claim_expression(claim_sources text[]) RETURNS text
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $claim_expression$
SELECT format('(SELECT coalesce(%s))',
              string_agg(CASE WHEN strpos(s.source, '->>') > 0
                              THEN format('nullif(nullif(current_setting(%L, true), '''')::jsonb ->> %L, '''')',
                                          split_part(s.source, '->>', 1), substr(s.source, strpos(s.source, '->>') + 3))
                              ELSE format('nullif(current_setting(%L, true), '''')', s.source) END, ', ' ORDER BY s.place))
FROM unnest(claim_sources) WITH ORDINALITY AS s (source, place)
$claim_expression$;
COMMENT ON FUNCTION btwin._claim_expression(text[]) IS
'Internal: what btwin._claim() answers, as an SQL expression of the server''s own functions, for policies.';

-- Whose rows they are

CREATE FUNCTION btwin._found_name(schema_name name, table_name name, column_name name) RETURNS name
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $found_name$
SELECT a.attname
FROM btwin.domain_column d
JOIN pg_attribute a ON a.attrelid = to_regclass(format('%I.%I', schema_name, d.table_name)) AND a.attnum > 0 AND NOT a.attisdropped
                   AND a.attname IN (d.column_name, d.reference_name)
WHERE d.table_name = _found_name.table_name AND d.column_name = _found_name.column_name
ORDER BY a.attname = d.column_name DESC LIMIT 1
$found_name$;
COMMENT ON FUNCTION btwin._found_name(name, name, name) IS
'Internal: how an attached table spells a column of the data model.';

CREATE FUNCTION btwin._learner_expression(schema_name name, table_name name, alias text, claim text, depth integer DEFAULT 1) RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $learner_expression$
DECLARE
    model   btwin.domain_table;
    target  name;
BEGIN
    SELECT d.* INTO STRICT model FROM btwin.domain_table d WHERE d.table_name = _learner_expression.table_name;
    IF model.learner_column IS NOT NULL THEN
        RETURN format('%s.%I = %s', alias, btwin._found_name(schema_name, model.table_name, model.learner_column), claim);
    ELSIF model.learner_via IS NULL THEN
        RETURN NULL;
    END IF;
    SELECT r.referenced INTO STRICT target FROM btwin.domain_reference r
    WHERE r.table_name = model.table_name AND r.column_name = model.learner_via;
    RETURN format('EXISTS (SELECT FROM %I.%I AS l%s WHERE l%3$s.id = %s.%I AND %s)', schema_name, target, depth, alias,
                  btwin._found_name(schema_name, model.table_name, model.learner_via),
                  btwin._learner_expression(schema_name, target, 'l' || depth, claim, depth + 1));
END
$learner_expression$;
COMMENT ON FUNCTION btwin._learner_expression(name, name, text, text, integer) IS
'Internal: the condition under which a row of an attached table belongs to the learner a claim expression names, over the table''s own columns; NULL where rows belong to nobody.';

-- A key check is made with the owner's rights, past row security: without this a
-- learner could find out which keys exist, and point at rows of others.
CREATE FUNCTION btwin._reference_expression(schema_name name, table_name name, alias text, claim text) RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $reference_expression$
SELECT string_agg(format('(%1$s.%2$I IS NULL OR EXISTS (SELECT FROM %3$I.%4$I AS r WHERE r.id = %1$s.%2$I AND %5$s))', alias,
                         btwin._found_name(schema_name, r.table_name, r.column_name), schema_name, r.referenced,
                         btwin._learner_expression(schema_name, r.referenced, 'r', claim)), ' AND ' ORDER BY r.column_name)
FROM btwin.domain_reference r
JOIN btwin.domain_table t ON t.table_name = r.table_name
JOIN btwin.domain_table o ON o.table_name = r.referenced AND num_nonnulls(o.learner_column, o.learner_via) > 0
WHERE r.table_name = _reference_expression.table_name
  AND r.column_name IS DISTINCT FROM t.learner_column AND r.column_name IS DISTINCT FROM t.learner_via
$reference_expression$;
COMMENT ON FUNCTION btwin._reference_expression(name, name, text, text) IS
'Internal: the condition that what a row refers to belongs to the learner too; NULL where it refers to nothing of learners.';

-- Tables that the functions of btwin_api write on behalf of a learner

CREATE FUNCTION btwin._written_tables() RETURNS TABLE (table_name name, privilege text, columns name[], services_only boolean)
LANGUAGE sql IMMUTABLE ROWS 60
SET search_path = pg_catalog, pg_temp
AS $written_tables$
SELECT t.name, p.name, t.columns, t.name = 'personalization_experiments' AND p.name = 'INSERT'
FROM (VALUES ('achievements'::name, 'INSERT', NULL::name[]),
             ('applied_recommendations', 'INSERT UPDATE', NULL),
             ('behavioral_goals', 'INSERT UPDATE', NULL),
             ('behavioral_insights', 'INSERT UPDATE DELETE', NULL),
             ('behavioral_patterns', 'INSERT UPDATE DELETE', NULL),
             ('burnout_risk_assessments', 'INSERT UPDATE', NULL),
             ('calendar_integrations', 'UPDATE', '{last_sync_at}'),
             ('cognitive_load_metrics', 'INSERT', NULL),
             ('experiment_assignments', 'INSERT', NULL),
             ('insight_notifications', 'INSERT', NULL),
             ('insight_patterns', 'INSERT DELETE', NULL),
             ('intervention_recommendations', 'INSERT UPDATE', NULL),
             ('missions', 'UPDATE', NULL),
             ('personalization_configs', 'INSERT UPDATE', NULL),
             ('personalization_experiments', 'INSERT', NULL),
             ('personalization_experiments', 'UPDATE', '{current_participants}'),
             ('personalization_outcomes', 'INSERT', NULL),
             ('personalization_preferences', 'INSERT UPDATE', NULL),
             ('prediction_feedback', 'INSERT', NULL),
             ('recommendations', 'INSERT UPDATE', NULL),
             ('schedule_adaptations', 'INSERT', NULL),
             ('session_orchestration_plans', 'INSERT UPDATE', NULL),
             ('struggle_indicators', 'INSERT UPDATE DELETE', NULL),
             ('struggle_predictions', 'INSERT UPDATE', NULL),
             ('study_schedule_recommendations', 'INSERT UPDATE DELETE', NULL),
             ('user_learning_profiles', 'INSERT UPDATE DELETE', NULL),
             ('api_call', 'INSERT UPDATE', NULL),
             ('calendar_busy', 'INSERT UPDATE DELETE', NULL),
             ('config_history', 'INSERT', NULL),
             ('decision', 'INSERT UPDATE', NULL),
             ('learner_write', 'INSERT UPDATE', NULL),
             ('pattern_history', 'INSERT DELETE', NULL),
             ('prediction_history', 'INSERT UPDATE', NULL),
             ('provenance', 'INSERT UPDATE DELETE', NULL)) AS t (name, privileges, columns)
CROSS JOIN LATERAL string_to_table(t.privileges, ' ') AS p (name)
$written_tables$;
COMMENT ON FUNCTION btwin._written_tables() IS
'Internal: tables of the application, and of btwin, that functions of btwin_api write with the rights of their caller; columns: those that may change, NULL for all but id and learner; services_only: learners do not.';

-- Policies

CREATE FUNCTION btwin._policy_digest(relation oid, policy_name name) RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $policy_digest$
SELECT left(md5(concat_ws('|', p.polcmd, p.polpermissive,
                          (SELECT string_agg(CASE r WHEN 0 THEN 'public' ELSE pg_get_userbyid(r) END::text, ',' ORDER BY r) FROM unnest(p.polroles) AS r),
                          pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid))), 12)
FROM pg_policy p WHERE p.polrelid = relation AND p.polname = policy_name
$policy_digest$;
COMMENT ON FUNCTION btwin._policy_digest(oid, name) IS
'Internal: digest of a policy as the server holds it.';

CREATE FUNCTION btwin._is_own_policy(policy oid, policy_name name) RETURNS boolean
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $is_own_policy$
SELECT policy_name IN ('btwin_learner', 'btwin_service', 'btwin_others')
   AND coalesce(starts_with(obj_description(policy, 'pg_policy'), 'Made by btwin.secure(): '), false)
$is_own_policy$;
COMMENT ON FUNCTION btwin._is_own_policy(oid, name) IS
'Internal: the policy was made by btwin.secure().';

-- One policy that is wanted (roles NULL: not wanted): what is to be done for it.
CREATE FUNCTION btwin._policy_step(relation oid, policy_name name, roles text, command text, condition text, write_condition text, meaning text,
    OUT action text, OUT statement text)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $policy_step$
DECLARE
    target      text := (SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = relation);
    standing    oid := (SELECT p.oid FROM pg_policy p WHERE p.polrelid = relation AND p.polname = policy_name);
    definition  text := format('CREATE POLICY %I ON %s FOR %s TO %s USING (%s)', policy_name, target, command, roles, condition)
                        || coalesce(format(' WITH CHECK (%s)', write_condition), '');
    remark      text := format('Made by btwin.secure(): %s (%s', meaning, left(md5(definition), 12));
BEGIN
    IF standing IS NOT NULL AND NOT btwin._is_own_policy(standing, policy_name) THEN
        RAISE EXCEPTION 'policy "%" of table % exists already', policy_name, target
            USING ERRCODE = 'duplicate_object', DETAIL = 'It was not made by btwin.secure.', HINT = 'Rename or drop it: the name is needed.';
    END IF;
    IF roles IS NULL THEN
        action := CASE WHEN standing IS NOT NULL THEN 'dropped' END;
        statement := format('DROP POLICY %I ON %s', policy_name, target);
    ELSIF obj_description(standing, 'pg_policy') IN (remark || ')', remark || ' ' || btwin._policy_digest(relation, policy_name) || ')') THEN
        action := 'found';
    ELSE
        action := CASE WHEN standing IS NULL THEN 'created' ELSE 'changed' END;
        statement := concat_ws(E';\n', CASE WHEN standing IS NOT NULL THEN format('DROP POLICY %I ON %s', policy_name, target) END, definition,
                               format('COMMENT ON POLICY %I ON %s IS %L', policy_name, target, remark || ')'));
    END IF;
END
$policy_step$;
COMMENT ON FUNCTION btwin._policy_step(oid, name, text, text, text, text, text) IS
'Internal: what a policy needs: found, created, changed, dropped, NULL for nothing, and the statements.';

CREATE FUNCTION btwin._passes_row_security(role_name name, relation_owner name) RETURNS boolean
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $passes_row_security$
SELECT r.rolsuper OR r.rolbypassrls OR pg_has_role(r.oid, (SELECT o.oid FROM pg_roles o WHERE o.rolname = relation_owner), 'USAGE')
FROM pg_roles r WHERE r.rolname = role_name
$passes_row_security$;
COMMENT ON FUNCTION btwin._passes_row_security(name, name) IS
'Internal: policies of a table that belongs to relation_owner do not hold the role (unless they are forced).';

-- For each table with rows of learners: its policies, and for which roles it is
-- guarded by them or by those of the application. Rights are granted on nothing else.
CREATE FUNCTION btwin._secure_policies(app_role name, service_role name, claim_sources text[])
RETURNS TABLE (object text, kind text, action text, detail text, statement text, run_as name,
               relation oid, policy_name name, guarded_app boolean, guarded_service boolean)
LANGUAGE plpgsql STABLE ROWS 200
SET search_path = pg_catalog, pg_temp
AS $secure_policies$
#variable_conflict use_column
DECLARE
    attached    name := btwin.require_attached();
    made_by     name := (SELECT pg_get_userbyid(c.relowner) FROM pg_class c WHERE c.oid = 'btwin.attachment'::regclass);
    claim       text := btwin._claim_expression(claim_sources);
    -- true for those who are no learners: without the name of a function of btwin,
    -- and without an error where the role is gone
    no_learner  text := coalesce(format('(SELECT NOT EXISTS (SELECT FROM pg_catalog.pg_roles AS r WHERE r.rolname = %L AND pg_catalog.pg_has_role(r.oid, ''USAGE'')))', app_role), 'true');
    part        record;
    step        record;
    others      oid[];
    ours        oid;
    theirs      text;
    their_own   text;
    reads_claim boolean;
    is_on       boolean;
    will_be_on  boolean;
    own         text;
    own_write   text;
    role_name   name;
BEGIN
    FOR part IN
        SELECT c.oid, c.relname, c.relowner, pg_get_userbyid(c.relowner) AS relation_owner, c.relrowsecurity, c.relispartition, t.table_name, t.position,
               num_nonnulls(t.learner_column, t.learner_via) = 0 AS nobodys, n.nspname
        FROM btwin.domain_table t
        CROSS JOIN LATERAL (SELECT to_regclass(format('%I.%I', attached, t.table_name)) AS relid
                            UNION   -- a partition is guarded by its parent's policies, unless it is read by itself
                            SELECT p.relid FROM pg_partition_tree(to_regclass(format('%I.%I', attached, t.table_name))) AS p JOIN pg_roles a ON a.rolname = app_role
                            WHERE has_any_column_privilege(a.oid, p.relid, 'SELECT, INSERT, UPDATE')) AS r
        JOIN pg_class c ON c.oid = r.relid
        JOIN pg_namespace n ON n.oid = c.relnamespace
        UNION ALL
        SELECT c.oid, c.relname, c.relowner, pg_get_userbyid(c.relowner), c.relrowsecurity, false, NULL, 1000, false, 'btwin'
        FROM btwin._learner_tables() AS s (name) JOIN pg_class c ON c.oid = to_regclass(format('btwin.%I', s.name))
        ORDER BY 8, 6, 2
    LOOP
        relation := part.oid;
        policy_name := NULL;
        run_as := part.relation_owner;
        object := format('%I.%I', part.nspname, part.relname);
        action := NULL;
        guarded_app := false;
        guarded_service := false;
        is_on := part.relrowsecurity;
        SELECT string_agg(quote_ident(p.polname), ', ' ORDER BY p.polname),
               bool_or(EXISTS (SELECT FROM unnest(claim_sources) AS s (source) WHERE strpos(concat(pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid)), split_part(s.source, '->>', 1)) > 0))
        INTO theirs, reads_claim
        FROM pg_policy p WHERE p.polrelid = relation AND NOT btwin._is_own_policy(p.oid, p.polname);

        -- May row security be switched on?
        will_be_on := is_on;
        IF NOT is_on AND part.nobodys THEN
            guarded_app := true;
            guarded_service := true;
            RETURN NEXT;    -- nothing to do
            CONTINUE;
        ELSIF NOT is_on AND app_role IS NOT NULL THEN
            kind := 'row security';
            IF theirs IS NOT NULL THEN
                action := 'kept';
                detail := format('off, with policies %s of the application that would begin to hold: its owner decides, until then learners get no rights on it', theirs);
                statement := NULL;
                RETURN NEXT;
            ELSIF NOT btwin._passes_row_security(made_by, part.relation_owner) THEN
                action := 'missing';
                detail := format('off: it would hide rows from role %I, which refreshes; until that role has %I''s rights, or passes row security, learners get no rights on it', made_by, part.relation_owner);
                statement := format('GRANT %I TO %I', part.relation_owner, made_by);
                RETURN NEXT;
            ELSE
                will_be_on := true;
            END IF;
        END IF;
        IF NOT will_be_on THEN
            -- it hides nothing from services
            guarded_service := true;
            action := NULL;
            RETURN NEXT;
        END IF;

        own := CASE WHEN part.nobodys THEN 'true' WHEN part.table_name IS NULL THEN format('%I.user_id = %s', part.relname, claim)
                    ELSE btwin._learner_expression(attached, part.table_name, quote_ident(part.relname), claim) END;
        own_write := own;
        IF part.table_name IS NULL AND part.relname = 'late_change' THEN
            -- what is noted for everybody holds for each, and names nobody
            own := own || ' OR late_change.user_id IS NULL';
        ELSIF EXISTS (SELECT FROM btwin._written_tables() w WHERE w.table_name = part.table_name) THEN
            own_write := own || coalesce(' AND ' || btwin._reference_expression(attached, part.table_name, quote_ident(part.relname), claim), '');
        END IF;

        -- learners and services
        FOREACH role_name IN ARRAY ARRAY[app_role, service_role] LOOP
            CONTINUE WHEN role_name IS NULL OR NOT will_be_on;
            SELECT string_agg(quote_ident(p.polname), ', ' ORDER BY p.polname) INTO their_own
            FROM pg_policy p
            WHERE p.polrelid = relation AND p.polpermissive AND NOT btwin._is_own_policy(p.oid, p.polname)
              AND EXISTS (SELECT FROM unnest(p.polroles) AS r WHERE r = 0 OR pg_has_role(role_name, r, 'USAGE'));
            kind := 'policy';
            IF their_own IS NOT NULL THEN
                action := 'kept';
                statement := NULL;
                policy_name := NULL;
                detail := format('policies of the application decide for role %I: %s%s', role_name, their_own,
                                 CASE WHEN role_name = app_role AND NOT coalesce(reads_claim, false) THEN '; they read none of the claim sources' ELSE '' END);
                RETURN NEXT;
            END IF;
            guarded_app := guarded_app OR role_name = app_role;
            guarded_service := guarded_service OR role_name = service_role;
        END LOOP;

        kind := 'policy';
        FOR step IN
            SELECT s.*, w.what, w.name
            FROM (VALUES ('btwin_learner'::name, app_role, CASE WHEN part.nobodys THEN 'SELECT' ELSE 'ALL' END, own, CASE WHEN NOT part.nobodys THEN own_write END,
                          CASE WHEN part.nobodys THEN 'rows that belong to no learner' ELSE 'rows of the learner who calls' END),
                         ('btwin_service', service_role, CASE WHEN part.nobodys THEN 'SELECT' ELSE 'ALL' END, 'true', CASE WHEN NOT part.nobodys THEN 'true' END, 'services act for every learner'))
                 AS w (name, holder, command, condition, write_condition, what)
            CROSS JOIN LATERAL btwin._policy_step(relation, w.name,
                CASE WHEN w.holder IS NOT NULL AND will_be_on
                      AND NOT EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = relation AND p.polpermissive AND NOT btwin._is_own_policy(p.oid, p.polname)
                                        AND EXISTS (SELECT FROM unnest(p.polroles) AS r WHERE r = 0 OR pg_has_role(w.holder, r, 'USAGE')))
                     THEN quote_ident(w.holder) END,
                w.command, w.condition, w.write_condition, w.what) AS s
        LOOP
            CONTINUE WHEN step.action IS NULL;
            policy_name := step.name;
            action := step.action;
            statement := step.statement;
            detail := format('%s: %s', step.name, step.what);
            RETURN NEXT;
        END LOOP;

        -- Who reads or writes the table today goes on as before: judged once, when row
        -- security is switched on. Who is given a right later is to be given a policy too.
        SELECT p.oid INTO ours FROM pg_policy p WHERE p.polrelid = relation AND p.polname = 'btwin_others' AND btwin._is_own_policy(p.oid, p.polname);
        IF ours IS NOT NULL THEN
            SELECT p.polroles INTO others FROM pg_policy p WHERE p.oid = ours;
        ELSIF will_be_on AND NOT is_on THEN
            SELECT array_agg(DISTINCT g.grantee) INTO others
            FROM (SELECT x.grantee FROM pg_class c, aclexplode(c.relacl) AS x WHERE c.oid = relation AND x.privilege_type IN ('SELECT', 'INSERT', 'UPDATE', 'DELETE')
                  UNION ALL
                  SELECT x.grantee FROM pg_attribute a, aclexplode(a.attacl) AS x WHERE a.attrelid = relation AND x.privilege_type IN ('SELECT', 'INSERT', 'UPDATE')) AS g
            WHERE g.grantee = 0 OR NOT btwin._passes_row_security(pg_get_userbyid(g.grantee), part.relation_owner);
        ELSE
            others := NULL;
        END IF;
        others := CASE WHEN 0 = ANY (others) THEN '{0}'
                       ELSE ARRAY(SELECT r FROM unnest(others) AS r WHERE pg_get_userbyid(r) IS DISTINCT FROM app_role AND pg_get_userbyid(r) IS DISTINCT FROM service_role ORDER BY 1) END;
        -- learners who have such a right through a group, or as everybody has it, are learners all the same
        SELECT s.action, s.statement INTO step
        FROM (SELECT CASE WHEN EXISTS (SELECT FROM unnest(others) AS r JOIN pg_roles a ON a.rolname = app_role WHERE r = 0 OR pg_has_role(a.oid, r, 'USAGE'))
                          THEN no_learner ELSE 'true' END,
                     (SELECT string_agg(CASE r WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(r)) END, ', ' ORDER BY pg_get_userbyid(r)) FROM unnest(others) AS r)) AS o (condition, names)
        CROSS JOIN LATERAL btwin._policy_step(relation, 'btwin_others', o.names, 'ALL', o.condition, o.condition, 'roles that had rights when row security was switched on') AS s;
        IF step.action IS NOT NULL THEN
            policy_name := 'btwin_others';
            action := step.action;
            statement := step.statement;
            detail := format('btwin_others: as before for %s',
                             (SELECT string_agg(CASE r WHEN 0 THEN 'everybody else' ELSE quote_ident(pg_get_userbyid(r)) END, ', ' ORDER BY pg_get_userbyid(r)) FROM unnest(others) AS r));
            IF step.action = 'dropped' THEN
                detail := 'btwin_others: none is left';
            END IF;
            RETURN NEXT;
        END IF;

        IF will_be_on THEN
            kind := 'row security';
            policy_name := NULL;
            action := CASE WHEN is_on THEN 'found' ELSE 'enabled' END;
            detail := 'on';
            statement := CASE WHEN NOT is_on THEN format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', object) END;
            RETURN NEXT;
        END IF;
    END LOOP;
END
$secure_policies$;
COMMENT ON FUNCTION btwin._secure_policies(name, name, text[]) IS
'Internal: the part of the plan of btwin.secure() about row security and policies. guarded_app, guarded_service: true in one row of a table or more where that role may be given rights on it; rows with action NULL say nothing else.';

-- Rights

CREATE FUNCTION btwin._may_become(role_name name) RETURNS boolean
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $may_become$
SELECT role_name = current_user
    OR (SELECT r.rolsuper FROM pg_roles r WHERE r.rolname = session_user)
    OR pg_has_role(session_user, role_name, CASE WHEN current_setting('server_version_num')::integer >= 160000 THEN 'SET' ELSE 'MEMBER' END)
$may_become$;
COMMENT ON FUNCTION btwin._may_become(name) IS
'Internal: the session may act as the role.';

CREATE FUNCTION btwin._secure_grants(app_role name, service_role name, bi_role name, guarded_app oid[], guarded_service oid[])
RETURNS TABLE (object text, detail text, statement text, undo text, run_as name, grantee name, privilege text, held boolean)
LANGUAGE plpgsql STABLE ROWS 400
SET search_path = pg_catalog, pg_temp
AS $secure_grants$
#variable_conflict use_column
DECLARE
    attached name := btwin.require_attached();
BEGIN
    RETURN QUERY
    WITH role AS MATERIALIZED (
        SELECT r.oid, r.rolname AS name, w.is_bi, w.guarded
        FROM (VALUES (app_role, false, guarded_app), (service_role, false, guarded_service), (bi_role, true, '{}')) AS w (name, is_bi, guarded)
        JOIN pg_roles r ON r.rolname = w.name
    ), wanted AS (
        -- schemas
        SELECT r.name, n.nspname::text AS object, 'USAGE' AS privilege, NULL::text AS columns, 'SCHEMA ' || quote_ident(n.nspname) AS target,
               pg_get_userbyid(n.nspowner) AS run_as, has_schema_privilege(r.oid, n.oid, 'USAGE') AS held, 10 AS place
        FROM role r JOIN pg_namespace n ON n.nspname = ANY (CASE WHEN r.is_bi THEN '{btwin,btwin_bi}'::name[] ELSE ARRAY['btwin'::name, 'btwin_api', attached] END)
        UNION ALL
        -- columns of the data model that are no secrets; other columns of the application are its own
        SELECT r.name, t.relation::text, t.privilege,
               CASE WHEN t.privilege <> 'DELETE' THEN (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) FROM pg_attribute a WHERE a.attrelid = t.relation AND a.attnum = ANY (t.columns)) END,
               'TABLE ' || t.relation, pg_get_userbyid(c.relowner),
               has_table_privilege(r.oid, t.relation, t.privilege)
               OR t.privilege <> 'DELETE' AND (SELECT bool_and(has_column_privilege(r.oid, t.relation, a, t.privilege)) FROM unnest(t.columns) AS a),
               20
        FROM role r
        JOIN (SELECT s.relation, p.privilege, p.services_only, array_agg(a.attnum) AS columns
              FROM (SELECT d.table_name, to_regclass(format('%I.%I', attached, d.table_name)) AS relation FROM btwin.domain_table d) AS s
              CROSS JOIN LATERAL (SELECT 'SELECT' AS privilege, NULL::name[] AS columns, false AS services_only UNION ALL SELECT w.privilege, w.columns, w.services_only FROM btwin._written_tables() w WHERE w.table_name = s.table_name) AS p
              JOIN btwin.domain_column d ON d.table_name = s.table_name AND NOT d.secret
                                        AND (p.privilege <> 'UPDATE' OR d.column_name = ANY (p.columns) OR p.columns IS NULL AND d.column_name NOT IN ('id', 'user_id'))
              JOIN pg_attribute a ON a.attrelid = s.relation AND a.attname IN (d.column_name, d.reference_name) AND NOT a.attisdropped
              GROUP BY s.relation, p.privilege, p.services_only) AS t ON t.relation = ANY (r.guarded) AND (r.name = service_role OR NOT t.services_only)
        JOIN pg_class c ON c.oid = t.relation
        UNION ALL
        SELECT r.name, t.relation::text, t.privilege, NULL, 'TABLE ' || t.relation, pg_get_userbyid(c.relowner), has_table_privilege(r.oid, t.relation, t.privilege), 30
        FROM role r
        JOIN (SELECT to_regclass(format('btwin.%I', s.name)) AS relation, p.privilege
              FROM btwin._learner_tables() AS s (name)
              CROSS JOIN LATERAL (SELECT 'SELECT' AS privilege UNION ALL SELECT w.privilege FROM btwin._written_tables() w WHERE w.table_name = s.name) AS p) AS t ON t.relation = ANY (r.guarded)
        JOIN pg_class c ON c.oid = t.relation
        UNION ALL
        -- what is not about single learners, and views, which read with the rights of their caller
        SELECT r.name, c.oid::regclass::text, 'SELECT', NULL, 'TABLE ' || c.oid::regclass, pg_get_userbyid(c.relowner), has_table_privilege(r.oid, c.oid, 'SELECT'), 40
        FROM role r
        JOIN pg_class c ON CASE WHEN r.is_bi THEN c.relnamespace = to_regnamespace('btwin_bi') AND c.relkind = 'v'
                                ELSE c.oid = to_regclass('btwin.access')
                                  OR c.relkind = 'v' AND c.reloptions @> '{security_invoker=true}'
                                     AND c.oid IN (SELECT to_regclass(format('btwin.%I', d.table_name)) FROM btwin.domain_table d) END
        UNION ALL
        -- written through their views, with the rights on the table behind
        SELECT r.name, c.oid::regclass::text, w.privilege, NULL, 'TABLE ' || c.oid::regclass, pg_get_userbyid(c.relowner), has_table_privilege(r.oid, c.oid, w.privilege), 45
        FROM role r
        JOIN btwin.domain_table d ON to_regclass(format('%I.%I', attached, d.table_name)) = ANY (r.guarded)
        JOIN btwin._written_tables() w ON w.table_name = d.table_name AND (r.name = service_role OR NOT w.services_only)
        JOIN pg_class c ON c.oid = to_regclass(format('btwin.%I', d.table_name)) AND c.relkind = 'v' AND c.reloptions @> '{security_invoker=true}'
        UNION ALL
        -- functions of btwin are everybody's, unless somebody took that away; those of btwin_api nobody's
        SELECT r.name, p.oid::regprocedure::text, 'EXECUTE', NULL, 'ROUTINE ' || p.oid::regprocedure, pg_get_userbyid(p.proowner), has_function_privilege(r.oid, p.oid, 'EXECUTE'), 50
        FROM role r
        JOIN pg_proc p ON p.pronamespace = to_regnamespace('btwin_api') AND NOT r.is_bi OR p.pronamespace = to_regnamespace('btwin') AND NOT p.prosecdef
    )
    SELECT w.object, format('%s for role %I', w.privilege, w.name) || CASE WHEN w.columns IS NOT NULL THEN ' on columns of the data model' ELSE '' END,
           format('GRANT %s%s ON %s TO %I', w.privilege, ' (' || w.columns || ')', w.target, w.name),
           format('REVOKE %s%s ON %s FROM %I', w.privilege, ' (' || w.columns || ')', w.target, w.name),
           w.run_as, w.name, w.privilege, w.held
    FROM wanted w
    -- hundreds of functions that everybody may execute are no news
    WHERE NOT w.held OR w.privilege <> 'EXECUTE' OR w.object LIKE 'btwin\_api.%'
    ORDER BY w.place, w.object, w.name, w.privilege;
END
$secure_grants$;
COMMENT ON FUNCTION btwin._secure_grants(name, name, name, oid[], oid[]) IS
'Internal: the rights that the roles need, and whether they have them, however they came to them.';

-- Trigger functions that write notes run with their owner's rights. Whoever could put
-- one on a table of his own could write notes about anybody. The owners of the tables
-- need it for new partitions.
CREATE FUNCTION btwin._secure_functions() RETURNS TABLE (object text, detail text, statement text, run_as name, action text)
LANGUAGE sql STABLE ROWS 20
SET search_path = pg_catalog, pg_temp
AS $secure_functions$
SELECT p.oid::regprocedure::text, 'EXECUTE for everybody', format('REVOKE EXECUTE ON ROUTINE %s FROM PUBLIC', p.oid::regprocedure), pg_get_userbyid(p.proowner), 'revoked'
FROM pg_proc p
WHERE (p.pronamespace = to_regnamespace('btwin_api') OR p.pronamespace = to_regnamespace('btwin') AND p.prosecdef)
  AND EXISTS (SELECT FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) AS x WHERE x.grantee = 0)
UNION ALL
SELECT p.oid::regprocedure::text, format('EXECUTE for role %I, which owns a table: new partitions get the trigger', o.name),
       format('GRANT EXECUTE ON ROUTINE %s TO %I', p.oid::regprocedure, o.name), pg_get_userbyid(p.proowner), 'granted'
FROM pg_proc p
CROSS JOIN LATERAL (SELECT DISTINCT t.relation_owner AS name FROM btwin._trigger_tables(btwin.attached_schema()) t) AS o
WHERE p.pronamespace = to_regnamespace('btwin') AND p.prosecdef AND o.name <> pg_get_userbyid(p.proowner)
  AND NOT EXISTS (SELECT FROM aclexplode(p.proacl) AS x WHERE x.grantee = (SELECT r.oid FROM pg_roles r WHERE r.rolname = o.name))
ORDER BY 5 DESC, 1
$secure_functions$;
COMMENT ON FUNCTION btwin._secure_functions() IS
'Internal: functions that everybody may execute and should not.';

-- secure

CREATE FUNCTION btwin._check_access_roles(app_role name, service_role name, bi_role name) RETURNS boolean
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $check_access_roles$
DECLARE
    problem text;
BEGIN
    SELECT w.name INTO problem FROM unnest(ARRAY[app_role, service_role, bi_role]) AS w (name)
    WHERE w.name IS NOT NULL AND NOT EXISTS (SELECT FROM pg_roles r WHERE r.rolname = w.name);
    IF FOUND THEN
        RAISE EXCEPTION 'role "%" does not exist', problem
            USING ERRCODE = 'undefined_object', HINT = format('CREATE ROLE %I NOLOGIN', problem);
    END IF;
    -- what would make a learner somebody else
    SELECT w.what INTO problem
    FROM pg_roles a
    CROSS JOIN LATERAL (
        SELECT 1, 'a superuser, or passes row security (BYPASSRLS)' WHERE a.rolsuper OR a.rolbypassrls
        UNION ALL
        SELECT 2, format('or may become, role %I, which owns tables with rows of learners', o.name)
        FROM (SELECT c.relowner, pg_get_userbyid(c.relowner) AS name FROM pg_class c
              WHERE c.oid = to_regclass('btwin.attachment')
                 OR c.oid IN (SELECT to_regclass(format('%I.%I', btwin.attached_schema(), t.table_name)) FROM btwin.domain_table t)) AS o
        WHERE pg_has_role(a.oid, o.relowner, 'MEMBER')
        UNION ALL
        SELECT 3, format('or may become, role %I, which sees every learner', r.rolname)
        FROM pg_roles r WHERE r.rolname IN (service_role, bi_role) AND pg_has_role(a.oid, r.oid, 'MEMBER')
    ) AS w (place, what)
    WHERE a.rolname = app_role ORDER BY w.place, w.what LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'role "%" cannot be that of learners', app_role
            USING ERRCODE = 'invalid_parameter_value', DETAIL = format('It is %s.', problem),
                  HINT = 'Name a role of its own, one that can become no other role.';
    END IF;
    RETURN true;
END
$check_access_roles$;
COMMENT ON FUNCTION btwin._check_access_roles(name, name, name) IS
'Internal: 42704 for a role that does not exist, 22023 for a role of learners that policies would not hold.';

-- As the owner of what is attached.
CREATE FUNCTION btwin._secure(app_role name, service_role name, bi_role name, claim_sources text[], dry_run boolean)
RETURNS TABLE (object text, kind text, action text, detail text, statement text)
LANGUAGE plpgsql VOLATILE ROWS 500
SET search_path = pg_catalog, pg_temp
AS $secure$
#variable_conflict use_column
DECLARE
    plan            record;
    part            record;
    recorded        record;
    guarded_app     oid[] := '{}';
    guarded_service oid[] := '{}';
    wanted          text[] := '{}';
    remark          text;
BEGIN
    SELECT a.* INTO recorded FROM btwin.access a;
    object := 'btwin.access';
    kind := 'settings';
    detail := concat_ws(', ', 'learners are ' || coalesce(_secure.app_role, 'nobody'), 'services ' || coalesce(_secure.service_role, 'nobody'), 'BI ' || coalesce(_secure.bi_role, 'nobody'),
                        'the caller is ' || array_to_string(_secure.claim_sources, ', else '));
    action := 'found';
    IF (recorded.app_role, recorded.service_role, recorded.bi_role, recorded.claim_sources)
       IS DISTINCT FROM (_secure.app_role, _secure.service_role, _secure.bi_role, _secure.claim_sources) THEN
        action := 'changed';
        statement := format('UPDATE btwin.access SET app_role = %L, service_role = %L, bi_role = %L, claim_sources = %L',
                            _secure.app_role, _secure.service_role, _secure.bi_role, _secure.claim_sources);
        IF NOT dry_run THEN
            EXECUTE statement;
        END IF;
    END IF;
    RETURN NEXT;

    IF NOT dry_run AND to_regclass('btwin.access_grant') IS NULL THEN
        CREATE TABLE btwin.access_grant (
            role_name   name NOT NULL,
            object      text NOT NULL,
            privilege   text NOT NULL,
            undo        text NOT NULL,
            PRIMARY KEY (role_name, object, privilege)
        );
        COMMENT ON TABLE btwin.access_grant IS 'Rights that btwin.secure() granted: it takes back no others';
        COMMENT ON COLUMN btwin.access_grant.role_name IS 'Role';
        COMMENT ON COLUMN btwin.access_grant.object IS 'Schema, table, view or function';
        COMMENT ON COLUMN btwin.access_grant.privilege IS 'Right';
        COMMENT ON COLUMN btwin.access_grant.undo IS 'Statement that takes it back';
    END IF;

    IF NOT dry_run THEN
        -- a table with pending trigger events cannot be altered
        PERFORM btwin._write_pending_notes();
    END IF;
    -- policies first, then row security: nobody is shut out in between
    FOR plan IN SELECT p.* FROM btwin._secure_policies(_secure.app_role, _secure.service_role, _secure.claim_sources) p LOOP
        IF plan.guarded_app THEN
            guarded_app := guarded_app || plan.relation;
        END IF;
        IF plan.guarded_service THEN
            guarded_service := guarded_service || plan.relation;
        END IF;
        CONTINUE WHEN plan.action IS NULL;
        object := plan.object;
        kind := plan.kind;
        action := plan.action;
        detail := plan.detail;
        statement := plan.statement;
        IF statement IS NOT NULL AND action <> 'missing' THEN
            IF NOT btwin._may_become(plan.run_as) THEN
                RAISE EXCEPTION 'role "%" may not alter table % of role "%"', current_user, object, plan.run_as
                    USING ERRCODE = 'insufficient_privilege', HINT = format('Call btwin.secure as a member of %I, or as a superuser.', plan.run_as);
            END IF;
            IF NOT dry_run THEN
                PERFORM btwin._execute_as(plan.run_as, statement);
                IF kind = 'policy' AND action <> 'dropped' THEN
                    -- also what the server made of it, to notice when it is altered
                    SELECT format('COMMENT ON POLICY %I ON %s IS %L', plan.policy_name, plan.object,
                                  left(obj_description(p.oid, 'pg_policy'), -1) || ' ' || btwin._policy_digest(plan.relation, plan.policy_name) || ')')
                    INTO remark FROM pg_policy p WHERE p.polrelid = plan.relation AND p.polname = plan.policy_name;
                    PERFORM btwin._execute_as(plan.run_as, remark);
                END IF;
            END IF;
        END IF;
        RETURN NEXT;
    END LOOP;

    kind := 'right';
    FOR plan IN SELECT f.* FROM btwin._secure_functions() f LOOP
        object := plan.object;
        detail := plan.detail;
        statement := plan.statement;
        action := CASE WHEN btwin._may_become(plan.run_as) THEN plan.action ELSE 'missing' END;
        IF NOT dry_run AND action <> 'missing' THEN
            PERFORM btwin._execute_as(plan.run_as, statement);
        END IF;
        RETURN NEXT;
    END LOOP;

    FOR plan IN SELECT g.* FROM btwin._secure_grants(_secure.app_role, _secure.service_role, _secure.bi_role, guarded_app, guarded_service) g LOOP
        object := plan.object;
        detail := plan.detail;
        statement := NULL;
        action := 'found';
        wanted := wanted || concat_ws('|', plan.grantee, plan.object, plan.privilege);
        IF NOT plan.held THEN
            statement := plan.statement;
            action := CASE WHEN btwin._may_become(plan.run_as) THEN 'granted' ELSE 'missing' END;
            IF action = 'missing' THEN
                detail := format('%s: role %I must grant it', detail, plan.run_as);
            ELSIF NOT dry_run THEN
                PERFORM btwin._execute_as(plan.run_as, statement);
                INSERT INTO btwin.access_grant (role_name, object, privilege, undo)
                VALUES (plan.grantee, plan.object, plan.privilege, plan.undo)
                ON CONFLICT ON CONSTRAINT access_grant_pkey DO UPDATE SET undo = excluded.undo;
            END IF;
        END IF;
        RETURN NEXT;
    END LOOP;

    -- what was granted here and is wanted no more
    IF to_regclass('btwin.access_grant') IS NOT NULL THEN
        FOR part IN
            SELECT g.*, CASE WHEN to_regrole(quote_ident(g.role_name)) IS NOT NULL
                             -- by the names in the catalogs: looking names up needs rights on their schemas
                             THEN pg_get_userbyid(CASE g.privilege WHEN 'EXECUTE' THEN (SELECT p.proowner FROM pg_proc p WHERE p.pronamespace IN (to_regnamespace('btwin'), to_regnamespace('btwin_api'))
                                                                                                                          AND p.oid::regprocedure::text = g.object)
                                                                   WHEN 'USAGE' THEN (SELECT n.nspowner FROM pg_namespace n WHERE n.nspname = g.object)
                                                                   ELSE (SELECT c.relowner FROM pg_class c WHERE c.relkind IN ('r', 'p', 'v') AND c.oid::regclass::text = g.object) END) END AS run_as
            FROM btwin.access_grant g WHERE concat_ws('|', g.role_name, g.object, g.privilege) <> ALL (wanted)
              AND (g.privilege <> 'EXECUTE' OR g.object LIKE 'btwin\_api.%'
                   OR g.role_name <> ALL (array_remove(ARRAY[_secure.app_role, _secure.service_role, _secure.bi_role], NULL)))
            ORDER BY g.role_name, g.object, g.privilege
        LOOP
            object := part.object;
            detail := format('%s for role %I, which is not needed any more', part.privilege, part.role_name);
            statement := part.undo;
            -- NULL: role or object are gone, and the right with them
            action := CASE WHEN part.run_as IS NULL OR btwin._may_become(part.run_as) THEN 'revoked' ELSE 'missing' END;
            IF part.run_as IS NOT NULL THEN
                IF NOT dry_run AND action <> 'missing' THEN
                    PERFORM btwin._execute_as(part.run_as, statement);
                END IF;
                RETURN NEXT;
            END IF;
            IF NOT dry_run AND action <> 'missing' THEN
                DELETE FROM btwin.access_grant g WHERE (g.role_name, g.object, g.privilege) = (part.role_name, part.object, part.privilege);
            END IF;
        END LOOP;
    END IF;

    -- who refreshes without owning what is refreshed is stopped by row security
    kind := 'role';
    action := 'missing';
    FOR part IN
        SELECT quote_ident(r.rolname) AS name
        FROM pg_class c CROSS JOIN LATERAL aclexplode(c.relacl) AS x JOIN pg_roles r ON r.oid = x.grantee
        WHERE c.oid = to_regclass('btwin.user_mark') AND x.privilege_type = 'INSERT' AND _secure.app_role IS NOT NULL
          AND NOT btwin._passes_row_security(r.rolname, pg_get_userbyid(c.relowner))
        ORDER BY 1
    LOOP
        object := part.name;
        detail := 'writes the store and does not pass row security: a refresh by it fails';
        statement := format('ALTER ROLE %s BYPASSRLS', part.name);
        RETURN NEXT;
    END LOOP;
END
$secure$;
COMMENT ON FUNCTION btwin._secure(name, name, name, text[], boolean) IS
'Internal: plans and executes what btwin.secure() does; NULL: no such role.';

CREATE FUNCTION btwin.secure(
    app_role        name    DEFAULT NULL,
    service_role    name    DEFAULT NULL,
    bi_role         name    DEFAULT NULL,
    dry_run         boolean DEFAULT false,
    claim_sources   text[]  DEFAULT NULL
) RETURNS TABLE (object text, kind text, action text, detail text, statement text)
LANGUAGE plpgsql VOLATILE ROWS 500
SET search_path = pg_catalog, pg_temp
AS $secure$
#variable_conflict use_column
DECLARE
    attached        name := btwin.require_attached();
    caller          name := current_user;
    previous_role   text := current_setting('role');
    made_by         name := (SELECT pg_get_userbyid(c.relowner) FROM pg_class c WHERE c.oid = 'btwin.attachment'::regclass);
    foreign_owner   name;
    recorded        record;
BEGIN
    IF secure.dry_run IS NULL THEN
        RAISE EXCEPTION 'argument "dry_run" must not be null' USING ERRCODE = 'null_value_not_allowed', HINT = 'Leave the argument out to take its default.';
    END IF;
    IF to_regclass('btwin.access') IS NULL THEN
        RAISE EXCEPTION 'schema "%" was attached before there was btwin.access', attached
            USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'SELECT * FROM btwin.attach()';
    END IF;
    SELECT o.name INTO foreign_owner
    FROM (SELECT made_by AS name
          UNION SELECT pg_get_userbyid(c.relowner) FROM btwin.domain_table t JOIN pg_class c ON c.oid = to_regclass(format('%I.%I', attached, t.table_name))) AS o
    WHERE NOT (SELECT r.rolsuper FROM pg_roles r WHERE r.rolname = caller)
      AND NOT pg_has_role(caller, o.name, CASE WHEN current_setting('server_version_num')::integer >= 160000 THEN 'SET' ELSE 'MEMBER' END)
    ORDER BY 1 LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'role "%" may not secure what belongs to role "%"', caller, foreign_owner
            USING ERRCODE = 'insufficient_privilege',
                  DETAIL = 'The owner of the tables secures them, a member of that role, or a superuser.',
                  HINT = format('Call btwin.secure as %I.', foreign_owner);
    END IF;
    IF NOT secure.dry_run THEN
        PERFORM pg_advisory_xact_lock(hashtextextended('btwin.attach', 0));
    END IF;
    IF made_by <> caller THEN
        PERFORM set_config('role', made_by::text, true);
    END IF;

    -- NULL: as recorded; '': none
    SELECT nullif(coalesce(secure.app_role, a.app_role), '') AS app_role, nullif(coalesce(secure.service_role, a.service_role), '') AS service_role,
           nullif(coalesce(secure.bi_role, a.bi_role), '') AS bi_role, coalesce(secure.claim_sources, a.claim_sources) AS claim_sources
    INTO recorded FROM btwin.access a;
    IF num_nonnulls(recorded.app_role, recorded.service_role, recorded.bi_role, secure.app_role, secure.service_role, secure.bi_role) = 0 THEN
        RAISE EXCEPTION 'no role is named'
            USING ERRCODE = 'invalid_parameter_value', DETAIL = 'Everything that is made here is made for a role, and none was named before either.',
                  HINT = 'SELECT * FROM btwin.secure(app_role => ''web'', dry_run => true)';
    END IF;
    PERFORM btwin._check_claim_sources(recorded.claim_sources);
    PERFORM btwin._check_access_roles(recorded.app_role, recorded.service_role, recorded.bi_role);

    RETURN QUERY SELECT s.* FROM btwin._secure(recorded.app_role, recorded.service_role, recorded.bi_role, recorded.claim_sources, secure.dry_run) s;
    IF made_by <> caller THEN
        PERFORM set_config('role', previous_role, true);
    END IF;
    IF NOT secure.dry_run THEN
        -- a PostgREST that listens looks at its schemas again
        PERFORM pg_notify('pgrst', 'reload schema');
    END IF;
END
$secure$;
COMMENT ON FUNCTION btwin.secure(name, name, name, boolean, text[]) IS
'Says who may call: row security and policies on the tables with rows of learners, rights for three roles. app_role: learners, who see and write what is theirs; service_role: may act for every learner; bi_role: reads the views of btwin_bi, those with rows of single learners too. NULL: as recorded by an earlier call; an empty name: no such role, what was granted to it is taken back. claim_sources: settings that may hold the caller''s id, in the order they are asked ("name->>key" for a key of a JSON object), recorded in btwin.access. One row per object: found, created, changed, dropped, enabled, granted, revoked; kept: the application''s own policies decide; missing: somebody else has to run the statement. Policies of the application are never touched; where row security was off, roles that had rights keep them. dry_run: the same rows, and nothing is done. Errors: TW001 before attach, 42501 for who may not act for the owners of the tables, 42704 for an unknown role, 22023 for a role of learners that is a superuser, passes row security or can become another of these, for a claim source that is none, and where no role is named; 42710 where the name of a policy is taken.';

-- Views and window functions that attach makes anew have no rights on them, and
-- tables it adds no policies: what secure was told holds for them too.

CREATE FUNCTION btwin._attach_secure(schema_name name, create_indexes boolean)
RETURNS TABLE (object text, kind text, action text, detail text)
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $attach_secure$
#variable_conflict use_column
DECLARE
    recorded    record;
    problem     text;
BEGIN
    SELECT a.* INTO recorded FROM btwin.access a;
    IF (SELECT pg_get_userbyid(c.relowner) <> current_user FROM pg_class c WHERE c.oid = to_regclass('btwin.access_grant')) THEN
        PERFORM btwin._execute_as('none', format('ALTER TABLE btwin.access_grant OWNER TO %I', current_user));
    END IF;
    IF num_nonnulls(recorded.app_role, recorded.service_role, recorded.bi_role) > 0 THEN
        BEGIN
            PERFORM btwin._check_access_roles(recorded.app_role, recorded.service_role, recorded.bi_role);
            RETURN QUERY SELECT s.object, s.kind, s.action, s.detail
                         FROM btwin._secure(recorded.app_role, recorded.service_role, recorded.bi_role, recorded.claim_sources, false) s;
        EXCEPTION WHEN undefined_object OR invalid_parameter_value OR insufficient_privilege OR duplicate_object THEN
            -- attach itself is done; whoever calls the endpoints waits for secure
            GET STACKED DIAGNOSTICS problem = MESSAGE_TEXT;
            object := 'btwin.access';
            kind := 'settings';
            action := 'missing';
            detail := format('not secured as before: %s', problem);
            RETURN NEXT;
        END;
    END IF;
    PERFORM pg_notify('pgrst', 'reload schema');
END
$attach_secure$;
COMMENT ON FUNCTION btwin._attach_secure(name, boolean) IS
'Internal: does again what btwin.secure() was told, and has a listening PostgREST look at its schemas again.';

CREATE FUNCTION btwin._detach_secure(drop_derived boolean, drop_data boolean)
RETURNS TABLE (object text, kind text, action text, detail text)
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $detach_secure$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    SELECT format('%I on %s', p.polname, p.polrelid::regclass), 'policy', 'kept', 'rows stay guarded; it needs nothing of btwin'
    FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid
    WHERE btwin._is_own_policy(p.oid, p.polname) AND c.relnamespace <> to_regnamespace('btwin')
    ORDER BY 1;
    IF drop_data AND to_regclass('btwin.access_grant') IS NOT NULL THEN
        DROP TABLE btwin.access_grant;
        object := 'btwin.access_grant';
        kind := 'settings';
        action := 'dropped';
        detail := 'drop_data';
        RETURN NEXT;
    END IF;
    PERFORM pg_notify('pgrst', 'reload schema');
END
$detach_secure$;
COMMENT ON FUNCTION btwin._detach_secure(boolean, boolean) IS
'Internal: says that policies stay, and forgets with drop_data which rights were granted.';

INSERT INTO btwin.attach_step (position, step, check_function, attach_function, detach_function, comment) VALUES
    (95, 'secure', NULL, 'btwin._attach_secure', 'btwin._detach_secure', 'rights and policies, as btwin.secure was told');
