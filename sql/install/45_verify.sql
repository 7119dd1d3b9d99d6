-- Proof that the store says what the tables say, and the ways to make it anew.

-- Partitions that come and go with their rows fire no row trigger. Refresh keeps
-- the list of what it saw and notes the difference.
CREATE FUNCTION btwin._note_partitions() RETURNS bigint
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
SET row_security = off
AS $note_partitions$
#variable_conflict use_column
DECLARE
    attached    name := btwin.require_attached();
    part        record;
    notes       bigint := 0;
    n           bigint;
BEGIN
    FOR part IN
        WITH now AS (
            -- a partition that went and came back has new triggers
            SELECT t.table_name, t.relation::oid AS relation, t.relation_owner, coalesce(g.oid, 0) AS trigger_id
            FROM btwin._trigger_tables(attached) t JOIN pg_class c ON c.oid = t.relation
            LEFT JOIN pg_trigger g ON g.tgrelid = t.relation AND g.tgname = 'btwin_note_insert'
            WHERE c.relkind = 'r'
        )
        SELECT coalesce(n.table_name, p.table_name) AS table_name, n.relation AS came, n.trigger_id, n.relation_owner, p.relation AS gone,
               -- of one that is back with other triggers everything is noted already
               NOT EXISTS (SELECT FROM btwin.store_partition q WHERE q.table_name = n.table_name)
               OR EXISTS (SELECT FROM btwin.store_partition q WHERE q.table_name = n.table_name AND q.relation = n.relation) AS is_noted
        FROM now n FULL JOIN btwin.store_partition p ON p.table_name = n.table_name AND p.relation = n.relation AND p.trigger_id = n.trigger_id
        WHERE n.relation IS NULL OR p.relation IS NULL
        ORDER BY p.relation IS NULL
    LOOP
        IF part.gone IS NOT NULL THEN
            -- nobody can say any more whose rows it held
            INSERT INTO btwin.late_change (user_id, from_day, to_day) VALUES (NULL, '-infinity', 'infinity');
            DELETE FROM btwin.store_partition p WHERE p.table_name = part.table_name AND p.relation = part.gone;
            notes := notes + 1;
        ELSE
            INSERT INTO btwin.store_partition (table_name, relation, trigger_id) VALUES (part.table_name, part.came, part.trigger_id);
            CONTINUE WHEN part.is_noted;
            EXECUTE (SELECT format('INSERT INTO btwin.late_change (user_id, from_day, to_day) SELECT u, d, d FROM (SELECT DISTINCT t.%I AS u, %s AS d FROM %s t WHERE t.%I IS NOT NULL AND isfinite(t.%I)) AS q WHERE u IS NOT NULL',
                                   max(a.found_name) FILTER (WHERE a.column_name = m.learner_column),
                                   format(CASE WHEN bool_or(a.expression LIKE '%AT TIME ZONE%') FILTER (WHERE a.column_name = s.moment_column) THEN 't.%I::date' ELSE '(t.%I AT TIME ZONE ''UTC'')::date' END,
                                          max(a.found_name) FILTER (WHERE a.column_name = s.moment_column)),
                                   part.came::regclass, max(a.found_name) FILTER (WHERE a.column_name = s.moment_column), max(a.found_name) FILTER (WHERE a.column_name = s.moment_column))
                     FROM btwin.store_source s JOIN btwin.domain_table m ON m.table_name = s.table_name
                     CROSS JOIN LATERAL btwin._adoption(attached, s.table_name) a
                     WHERE s.table_name = part.table_name);
            GET DIAGNOSTICS n = ROW_COUNT;
            notes := notes + n;
            -- its TRUNCATE is to be noted too; where this role may not, attach does it
            IF (SELECT a.triggers FROM btwin.attachment a) AND pg_has_role(part.relation_owner, 'USAGE')
               AND NOT EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = part.came AND t.tgname = 'btwin_note_truncate') THEN
                EXECUTE format('CREATE TRIGGER btwin_note_truncate AFTER TRUNCATE ON %s FOR EACH STATEMENT EXECUTE FUNCTION btwin._note_truncate()', part.came::regclass);
                EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER btwin_note_truncate', part.came::regclass);
            END IF;
        END IF;
    END LOOP;
    RETURN notes;
END
$note_partitions$;
COMMENT ON FUNCTION btwin._note_partitions() IS
'Internal: compares the partitions of the tables with those the last refresh saw; notes the rows of new ones, and everything where one is gone. Returns the number of notes.';

-- Where no triggers note changes, refresh compares what the tables hold with what
-- they held, month by month of each learner.
CREATE FUNCTION btwin._note_contents() RETURNS bigint
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
SET row_security = off
SET jit = off
AS $note_contents$
#variable_conflict use_column
DECLARE
    query text;
    notes bigint;
BEGIN
    IF (SELECT a.triggers FROM btwin.attachment a) THEN
        DELETE FROM btwin.store_content;
        RETURN 0;
    END IF;
    SELECT string_agg(format('SELECT t.%1$I AS user_id, date_trunc(''month'', t.%2$I AT TIME ZONE ''UTC'')::date AS month, %3$L AS source, count(*) AS n, sum(hashtextextended(t::text, 0)::numeric) AS content FROM btwin.%4$I t WHERE isfinite(t.%2$I) GROUP BY 1, 2',
                             d.learner_column, s.moment_column, s.table_name, s.table_name), ' UNION ALL ' ORDER BY s.table_name)
    INTO query FROM btwin.store_source s JOIN btwin.domain_table d ON d.table_name = s.table_name;
    EXECUTE format($compare$
        WITH now AS MATERIALIZED (
            SELECT c.user_id, c.month, md5(string_agg(format('%%s %%s %%s', c.source, c.n, c.content), ',' ORDER BY c.source)) AS digest
            FROM (%s) AS c WHERE c.user_id IS NOT NULL GROUP BY c.user_id, c.month
        ), changed AS MATERIALIZED (
            SELECT coalesce(n.user_id, s.user_id) AS user_id, coalesce(n.month, s.month) AS month, n.digest
            FROM now n FULL JOIN btwin.store_content s ON s.user_id = n.user_id AND s.month = n.month
            WHERE n.digest IS DISTINCT FROM s.digest
        ), gone AS (
            DELETE FROM btwin.store_content s USING changed c WHERE c.digest IS NULL AND s.user_id = c.user_id AND s.month = c.month
        ), kept AS (
            INSERT INTO btwin.store_content (user_id, month, digest) SELECT c.user_id, c.month, c.digest FROM changed c WHERE c.digest IS NOT NULL
            ON CONFLICT (user_id, month) DO UPDATE SET digest = excluded.digest
        )
        INSERT INTO btwin.late_change (user_id, from_day, to_day)
        SELECT c.user_id, c.month, (c.month + interval '1 month')::date - 1
        FROM changed c JOIN btwin.user_mark m ON m.user_id = c.user_id AND c.month <= m.closed_through + 1
        $compare$, query);
    GET DIAGNOSTICS notes = ROW_COUNT;
    RETURN notes;
END
$note_contents$;
COMMENT ON FUNCTION btwin._note_contents() IS
'Internal: where attach was told to make no triggers, compares every month of every learner with what the last refresh saw and notes those that differ. Returns the number of notes.';

CREATE FUNCTION btwin.stale_since() RETURNS timestamptz
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $stale_since$
BEGIN
    PERFORM btwin.require_attached();
    IF (SELECT a.triggers FROM btwin.attachment a) THEN
        RETURN NULL;
    END IF;
    RETURN coalesce((SELECT max(r.started_at) FROM btwin.refresh_run r WHERE r.outcome IN ('done', 'failed')), '-infinity');
END
$stale_since$;
COMMENT ON FUNCTION btwin.stale_since() IS
'Since when changes of old rows may be missing in answers: NULL where triggers note them (attach made them), answers are then exact; without triggers the start of the last refresh that ended, -infinity before the first. Rows of the last days are read live in either case. Error TW001 before attach.';

CREATE FUNCTION btwin.verify(user_id text DEFAULT NULL, sample integer DEFAULT 100, heal boolean DEFAULT false)
RETURNS TABLE (learner_id text, family text, tier text, period date, problem text)
LANGUAGE plpgsql VOLATILE ROWS 10
SET search_path = pg_catalog, pg_temp
SET row_security = off
AS $verify$
#variable_conflict use_column
DECLARE
    learner     record;
    families    text[] := (SELECT array_agg(f.family) FROM btwin.store_family f);
BEGIN
    PERFORM btwin.require_attached();
    IF verify.sample < 1 OR verify.heal IS NULL THEN
        RAISE EXCEPTION '%', CASE WHEN verify.heal IS NULL THEN 'heal must be true or false' ELSE format('sample must be at least 1, not %s', verify.sample) END
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    FOR learner IN
        SELECT m.user_id, m.time_zone FROM btwin.user_mark m
        WHERE m.user_id = coalesce(verify.user_id, m.user_id)
        ORDER BY random() LIMIT verify.sample
    LOOP
        -- one statement, one snapshot: a change it sees it also sees noted
        FOR learner_id, family, tier, period, problem IN
            WITH mark AS MATERIALIZED (
                SELECT m.* FROM btwin.user_mark m
                WHERE m.user_id = learner.user_id AND m.time_zone = btwin.learner_time_zone(m.user_id) AND btwin._is_analysed(m.user_id)
            ), noted AS MATERIALIZED (
                SELECT btwin._noted_days(learner.user_id) AS days
            ), fresh AS (
                SELECT s.*
                FROM mark m CROSS JOIN LATERAL btwin._day_states(m.user_id, families, '-infinity', m.closed_through, 'infinity', m.time_zone) AS s
            ), day AS (
                SELECT coalesce(f.family, d.family) AS family, coalesce(f.day, d.day) AS period,
                       CASE WHEN d.day IS NULL THEN 'missing' WHEN f.day IS NULL THEN 'surplus' ELSE 'differs' END AS problem
                FROM fresh f
                FULL JOIN (SELECT d.* FROM btwin.user_day d JOIN mark m ON m.user_id = d.user_id) d ON d.family = f.family AND d.day = f.day
                WHERE (f.n_rows, round(f.total::numeric, 9), f.pattern::text, f.forgetting::text, f.struggle::text, f.load::text, f.burnout::text, f.bandit::text)
                      IS DISTINCT FROM (d.n_rows, round(d.total::numeric, 9), d.pattern::text, d.forgetting::text, d.struggle::text, d.load::text, d.burnout::text, d.bandit::text)
            ), month AS (
                SELECT coalesce(f.family, t.family) AS family, coalesce(f.month, t.month) AS period,
                       CASE WHEN t.month IS NULL THEN 'missing' WHEN f.month IS NULL THEN 'surplus' ELSE 'differs' END AS problem
                FROM (SELECT d.family, d.month, sum(d.n_rows) AS n_rows,
                             btwin.rollup(d.pattern) FILTER (WHERE d.pattern IS NOT NULL) AS pattern, btwin.seal(btwin.rollup(d.forgetting) FILTER (WHERE d.forgetting IS NOT NULL)) AS forgetting,
                             btwin.rollup(d.struggle) FILTER (WHERE d.struggle IS NOT NULL) AS struggle, btwin.rollup(d.load) FILTER (WHERE d.load IS NOT NULL) AS load,
                             btwin.rollup(d.burnout) FILTER (WHERE d.burnout IS NOT NULL) AS burnout, btwin.rollup(d.bandit) FILTER (WHERE d.bandit IS NOT NULL) AS bandit
                      FROM (SELECT d.*, date_trunc('month', d.day)::date AS month
                            FROM btwin.user_day d JOIN mark m ON m.user_id = d.user_id AND d.day <= m.total_through ORDER BY d.family, d.day) d
                      GROUP BY d.family, d.month) f
                FULL JOIN (SELECT t.* FROM btwin.user_month t JOIN mark m ON m.user_id = t.user_id) t ON t.family = f.family AND t.month = f.month
                WHERE (f.n_rows, f.pattern::text, f.forgetting::text, f.struggle::text, f.load::text, f.burnout::text, f.bandit::text)
                      IS DISTINCT FROM (t.n_rows, t.pattern::text, t.forgetting::text, t.struggle::text, t.load::text, t.burnout::text, t.bandit::text)
            ), total AS (
                SELECT coalesce(f.family, t.family) AS family, m.total_through AS period,
                       CASE WHEN t.family IS NULL THEN 'missing' WHEN f.family IS NULL THEN 'surplus' ELSE 'differs' END AS problem
                FROM (SELECT s.family, sum(s.n_rows) AS n_rows, max(s.through) AS through,
                             btwin.condense(btwin.rollup(s.forgetting) FILTER (WHERE s.forgetting IS NOT NULL)) AS forgetting, btwin.rollup(s.struggle) FILTER (WHERE s.struggle IS NOT NULL) AS struggle,
                             btwin.rollup(s.load) FILTER (WHERE s.load IS NOT NULL) AS load, btwin.rollup(s.bandit) FILTER (WHERE s.bandit IS NOT NULL) AS bandit
                      FROM (SELECT t.*, m.total_through AS through
                            FROM btwin.user_month t JOIN mark m ON m.user_id = t.user_id
                            JOIN btwin.store_family k ON k.family = t.family AND k.window_days IS NULL ORDER BY t.family, t.month) s
                      GROUP BY s.family) f
                FULL JOIN (SELECT t.* FROM btwin.user_total t JOIN mark m ON m.user_id = t.user_id) t ON t.family = f.family
                CROSS JOIN mark m
                WHERE (f.n_rows, f.through, f.forgetting::text, f.struggle::text, f.load::text, f.bandit::text)
                      IS DISTINCT FROM (t.n_rows, t.up_to, t.forgetting::text, t.struggle::text, t.load::text, t.bandit::text)
            )
            SELECT learner.user_id, p.family, p.tier, p.period, p.problem
            FROM (SELECT d.family, 'day' AS tier, d.period, d.problem FROM day d
                  UNION ALL SELECT m.family, 'month', m.period, m.problem FROM month m
                  UNION ALL SELECT t.family, 'total', t.period, t.problem FROM total t) AS p
            CROSS JOIN noted n
            WHERE NOT (n.days && CASE p.tier WHEN 'day' THEN daterange(p.period, p.period, '[]')
                                             WHEN 'month' THEN daterange(p.period, (p.period + interval '1 month')::date)
                                             ELSE daterange(NULL, p.period, '[]') END)
            ORDER BY p.family, p.tier, p.period
        LOOP
            IF verify.heal THEN
                INSERT INTO btwin.late_change (user_id, from_day, to_day)
                SELECT learner_id, CASE tier WHEN 'total' THEN date_trunc('month', period)::date ELSE period END,
                       CASE tier WHEN 'month' THEN (period + interval '1 month')::date - 1 ELSE period END;
            END IF;
            RETURN NEXT;
        END LOOP;
    END LOOP;
END
$verify$;
COMMENT ON FUNCTION btwin.verify(text, integer, boolean) IS
'Works the stored days of one learner, or of so many drawn at random, out anew and compares: a row for each stored day, month or total that is missing, surplus or differs; no row: the store says what the tables say. What is noted is not compared, it is not read either. heal: what differs is noted, so that it is read live at once and made anew by the next refresh. Errors: TW001 before attach, 22023 for a sample below 1, 42501 where the caller would see less than all rows.';

CREATE FUNCTION btwin.rebuild(user_id text DEFAULT NULL) RETURNS bigint
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
SET row_security = off
AS $rebuild$
#variable_conflict use_column
DECLARE
    n bigint;
BEGIN
    PERFORM btwin.require_attached();
    -- not beside a refresh, which may be writing what is removed here
    PERFORM pg_advisory_xact_lock(hashtextextended('btwin.refresh', 0));
    IF rebuild.user_id IS NOT NULL THEN
        RETURN btwin._forget_stored(rebuild.user_id);
    END IF;
    DELETE FROM btwin.user_mark;
    GET DIAGNOSTICS n = ROW_COUNT;
    DELETE FROM btwin.user_total;
    DELETE FROM btwin.user_month;
    DELETE FROM btwin.user_day;
    RETURN n;
END
$rebuild$;
COMMENT ON FUNCTION btwin.rebuild(text) IS
'Empties the store of one learner (result: rows removed) or of all (result: learners): answers are worked out from live rows until the next refresh fills it again. Waits for a running refresh. Errors: TW001 before attach, 42501 where the caller would see less than all rows.';
