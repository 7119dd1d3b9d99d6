-- Reading a learner's states: stored days where they are closed and nothing was
-- noted against them, live rows for the others, in one statement of the caller
-- and so in one snapshot. The answer is the same whether or not a refresh has run.

CREATE FUNCTION btwin._is_analysed(user_id text) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $is_analysed$
BEGIN
    RETURN EXISTS (SELECT FROM btwin.users u WHERE u.id = _is_analysed.user_id AND u.behavioral_analysis_enabled);
END
$is_analysed$;
COMMENT ON FUNCTION btwin._is_analysed(text) IS
'Internal: the learner exists and has not switched analysis off.';

CREATE FUNCTION btwin._noted_days(user_id text) RETURNS datemultirange
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $noted_days$
BEGIN
    -- a row changes its own day, which may lie a day beside the one in UTC, and
    -- the day of its session, which may lie a day beside that
    RETURN coalesce((SELECT range_agg(daterange(nullif(c.from_day, '-infinity') - 2, nullif(c.to_day, 'infinity') + 2, '[]'))
                     FROM (SELECT n.from_day, n.to_day FROM btwin.late_change n WHERE n.user_id = _noted_days.user_id
                           UNION ALL
                           SELECT n.from_day, n.to_day FROM btwin.late_change n WHERE n.user_id IS NULL
                           UNION ALL    -- what this transaction has not written yet
                           SELECT p.day, p.day FROM btwin._pending_notes() p WHERE p.user_id = _noted_days.user_id) AS c), '{}');
END
$noted_days$;
COMMENT ON FUNCTION btwin._noted_days(text) IS
'Internal: days of the learner''s calendar that a noted change may have touched.';

CREATE FUNCTION btwin._read_plan(user_id text, as_of timestamptz, window_days integer,
    OUT time_zone text, OUT total_through date, OUT months datemultirange, OUT days datemultirange, OUT live datemultirange)
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $read_plan$
DECLARE
    mark    record;
    last    date;
    wanted  datemultirange;
    stored  datemultirange := '{}';
BEGIN
    time_zone := btwin.learner_time_zone(_read_plan.user_id);
    -- the moment itself does not count: the day of the one before it
    last := ((as_of - interval '1 microsecond') AT TIME ZONE time_zone)::date;
    wanted := datemultirange(daterange(last - (window_days - 1), last, '[]'));
    SELECT m.closed_through, m.total_through INTO mark
    FROM btwin.user_mark m WHERE m.user_id = _read_plan.user_id AND m.time_zone = _read_plan.time_zone;
    IF FOUND THEN
        -- rows of sessions reach into the day after: the last two days are live
        stored := wanted * datemultirange(daterange(NULL, least(mark.closed_through, last - 2), '[]'))
                  - btwin._noted_days(_read_plan.user_id);
    END IF;
    live := wanted - stored;
    IF window_days IS NULL AND daterange(NULL, mark.total_through, '[]') <@ stored THEN
        total_through := mark.total_through;
        stored := stored - datemultirange(daterange(NULL, total_through, '[]'));
    END IF;
    months := coalesce((SELECT range_agg(daterange(f.first, f.beyond))
                        FROM unnest(stored) AS r
                        CROSS JOIN LATERAL (SELECT (date_trunc('month', lower(r) + interval '1 month' - interval '1 day'))::date,
                                                   (date_trunc('month', upper(r)::timestamp))::date) AS f (first, beyond)
                        WHERE f.first IS NULL OR f.first < f.beyond), '{}');
    days := stored - months;
END
$read_plan$;
COMMENT ON FUNCTION btwin._read_plan(text, timestamptz, integer) IS
'Internal: how to answer for a moment: the total up to a day (NULL: not to be used), whole months, single days, and days to be worked out from live rows.';

CREATE FUNCTION btwin._read_states(user_id text, families text[], as_of timestamptz)
RETURNS TABLE (family text, n_rows bigint, total float8, pattern btwin.pattern, forgetting btwin.forgetting, struggle btwin.logit_step,
               load btwin.load_baseline, burnout btwin.burnout, bandit btwin.bandit)
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 10
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan
SET jit = off
AS $read_states$
#variable_conflict use_column
DECLARE
    learner text := _read_states.user_id;
    moment  timestamptz := _read_states.as_of;
    part    record;
    plan    record;
BEGIN
    IF NOT isfinite(moment) THEN
        RAISE EXCEPTION 'as_of must be a finite moment, not %', moment
            USING ERRCODE = 'datetime_field_overflow', HINT = 'Leave it out to ask for now.';
    END IF;
    IF learner IS NULL OR moment IS NULL OR NOT btwin._is_analysed(learner) THEN
        RETURN;
    END IF;
    FOR part IN SELECT f.window_days, array_agg(f.family) AS families FROM btwin.store_family f
                WHERE f.family = ANY (_read_states.families) GROUP BY f.window_days
    LOOP
        plan := btwin._read_plan(learner, moment, part.window_days);
        RETURN QUERY
        SELECT s.family, sum(s.n_rows)::bigint, sum(s.total),
               btwin.rollup(s.pattern) FILTER (WHERE s.pattern IS NOT NULL), btwin.rollup(s.forgetting) FILTER (WHERE s.forgetting IS NOT NULL),
               btwin.rollup(s.struggle) FILTER (WHERE s.struggle IS NOT NULL), btwin.rollup(s.load) FILTER (WHERE s.load IS NOT NULL),
               btwin.rollup(s.burnout) FILTER (WHERE s.burnout IS NOT NULL), btwin.rollup(s.bandit) FILTER (WHERE s.bandit IS NOT NULL)
        FROM (SELECT t.family, t.n_rows, t.total, t.pattern, t.forgetting, t.struggle, t.load, t.burnout, t.bandit
              FROM btwin.user_total t
              WHERE plan.total_through IS NOT NULL AND t.user_id = learner AND t.family = ANY (part.families)
              -- one index scan for each family and range, whatever the planner makes of the number of ranges
              UNION ALL
              SELECT m.*
              FROM unnest(part.families) AS f CROSS JOIN unnest(plan.months) AS r
              CROSS JOIN LATERAL (SELECT m.family, m.n_rows, m.total, m.pattern, m.forgetting, m.struggle, m.load, m.burnout, m.bandit
                                  FROM btwin.user_month m
                                  WHERE m.user_id = learner AND m.family = f
                                    AND m.month >= coalesce(lower(r), '-infinity') AND m.month < upper(r) OFFSET 0) AS m
              UNION ALL
              SELECT d.*
              FROM unnest(part.families) AS f CROSS JOIN unnest(plan.days) AS r
              CROSS JOIN LATERAL (SELECT d.family, d.n_rows, d.total, d.pattern, d.forgetting, d.struggle, d.load, d.burnout, d.bandit
                                  FROM btwin.user_day d
                                  WHERE d.user_id = learner AND d.family = f
                                    AND d.day >= coalesce(lower(r), '-infinity') AND d.day < upper(r) OFFSET 0) AS d
              UNION ALL
              SELECT l.family, l.n_rows, l.total, l.pattern, l.forgetting, l.struggle, l.load, l.burnout, l.bandit
              FROM unnest(plan.live) AS r
              CROSS JOIN LATERAL btwin._day_states(learner, part.families, coalesce(lower(r), '-infinity'), upper(r) - 1, moment, plan.time_zone) AS l
             ) AS s
        GROUP BY s.family;
    END LOOP;
END
$read_states$;
COMMENT ON FUNCTION btwin._read_states(text, text[], timestamptz) IS
'Internal: merged states of some families of a learner as of a moment; a row for each family with rows, none for a learner who is unknown or not analysed. Error 22008 for an infinite as_of.';

CREATE FUNCTION btwin.learner_states(user_ids text[], families text[] DEFAULT NULL, as_of timestamptz DEFAULT now())
RETURNS TABLE (user_id text, family text, n_rows bigint, total float8, pattern btwin.pattern, forgetting btwin.forgetting, struggle btwin.logit_step,
               load btwin.load_baseline, burnout btwin.burnout, bandit btwin.bandit)
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 100
SET search_path = pg_catalog, pg_temp
AS $learner_states$
#variable_conflict use_column
DECLARE
    unknown text;
BEGIN
    PERFORM btwin.require_attached();
    SELECT min(f.name) INTO unknown FROM unnest(learner_states.families) AS f (name)
    WHERE NOT EXISTS (SELECT FROM btwin.store_family s WHERE s.family = f.name);
    IF unknown IS NOT NULL THEN
        RAISE EXCEPTION 'family "%" is not known', unknown
            USING ERRCODE = 'invalid_parameter_value',
                  DETAIL = format('Known are %s.', (SELECT string_agg(s.family, ', ' ORDER BY s.position) FROM btwin.store_family s)),
                  HINT = 'SELECT family, comment FROM btwin.store_family ORDER BY position';
    END IF;
    RETURN QUERY
    SELECT u.id, s.family, s.n_rows, s.total, s.pattern, s.forgetting, s.struggle, s.load, s.burnout, s.bandit
    FROM (SELECT DISTINCT n.id FROM unnest(learner_states.user_ids) AS n (id)) AS u
    CROSS JOIN LATERAL btwin._read_states(u.id, coalesce(learner_states.families, (SELECT array_agg(f.family) FROM btwin.store_family f)), learner_states.as_of) AS s;
END
$learner_states$;
COMMENT ON FUNCTION btwin.learner_states(text[], text[], timestamptz) IS
'States of learners as of a moment (rows before it count), exactly as worked out from every row, at the cost of a few: a row for each learner and family with rows. families: names from btwin.store_family, NULL for all. The state stands in the column that btwin.store_family names; n_rows and total are its plain counters. No row for a learner who is unknown or has switched analysis off. Errors: TW001 before attach, 22023 for an unknown family, 22008 for an infinite moment.';

CREATE FUNCTION btwin.learner_pattern(user_id text, kind text, as_of timestamptz DEFAULT now()) RETURNS btwin.pattern
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 1000
SET search_path = pg_catalog, pg_temp
AS $learner_pattern$
DECLARE
    found btwin.pattern;
BEGIN
    PERFORM btwin.require_attached();
    IF kind IS NULL OR kind NOT IN ('hour', 'weekday', 'content', 'length') THEN
        RAISE EXCEPTION 'kind of habit "%" is not known', kind
            USING ERRCODE = 'invalid_parameter_value', HINT = 'Known are hour, weekday, content and length.';
    END IF;
    -- where a score was reported, the shares of right answers do not count: they are another scale
    SELECT s.pattern INTO found
    FROM btwin._read_states(learner_pattern.user_id, ARRAY[kind, kind || '_answered'], learner_pattern.as_of) AS s
    ORDER BY s.family = kind DESC LIMIT 1;
    RETURN found;
END
$learner_pattern$;
COMMENT ON FUNCTION btwin.learner_pattern(text, text, timestamptz) IS
'Pattern state of a learner''s sessions of the last 182 days as of a moment. kind: hour (of the learner''s clock, 0 to 23), weekday (0 is Sunday), content, length (minutes). The score of a session, 0 to 1, is what its SESSION_ENDED event reported; for a learner without such reports the share of answers that were not AGAIN. Read it with best_window, best_bucket, best_limit. NULL without sessions, for a learner who is unknown or has switched analysis off. Errors: TW001 before attach, 22023 for another kind, 22008 for an infinite moment.';

CREATE FUNCTION btwin.learner_forgetting(user_id text, as_of timestamptz DEFAULT now()) RETURNS btwin.forgetting
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 1000
SET search_path = pg_catalog, pg_temp
AS $learner_forgetting$
BEGIN
    PERFORM btwin.require_attached();
    RETURN (SELECT s.forgetting FROM btwin._read_states(learner_forgetting.user_id, '{forgetting}', learner_forgetting.as_of) AS s);
END
$learner_forgetting$;
COMMENT ON FUNCTION btwin.learner_forgetting(text, timestamptz) IS
'Forgetting state of all reviews of a learner as of a moment; AGAIN is not recalled. Read it with curve, half_life, retention. NULL without reviews, for a learner who is unknown or has switched analysis off. Errors: TW001 before attach, 22008 for an infinite moment.';

CREATE FUNCTION btwin.learner_struggle(user_id text, as_of timestamptz DEFAULT now()) RETURNS btwin.logit_step
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 1000
SET search_path = pg_catalog, pg_temp
AS $learner_struggle$
BEGIN
    PERFORM btwin.require_attached();
    RETURN (SELECT s.struggle FROM btwin._read_states(learner_struggle.user_id, '{struggle}', learner_struggle.as_of) AS s);
END
$learner_struggle$;
COMMENT ON FUNCTION btwin.learner_struggle(text, timestamptz) IS
'What a learner''s own struggle predictions, those whose outcome is known and was recorded within 120 days of their date, say about the prior model: a step at struggle_model() for logit_next(). A prediction counts from when its outcome was recorded. NULL without such predictions, for a learner who is unknown or has switched analysis off. Errors: TW001 before attach, 22008 for an infinite moment.';

CREATE FUNCTION btwin.learner_load(user_id text, as_of timestamptz DEFAULT now()) RETURNS btwin.load_baseline
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 1000
SET search_path = pg_catalog, pg_temp
AS $learner_load$
BEGIN
    PERFORM btwin.require_attached();
    RETURN (SELECT s.load FROM btwin._read_states(learner_load.user_id, '{load}', learner_load.as_of) AS s);
END
$learner_load$;
COMMENT ON FUNCTION btwin.learner_load(text, timestamptz) IS
'Baseline of cognitive load of a learner as of a moment, over all sessions with answers: what load_score() holds a session against. NULL without such sessions, for a learner who is unknown or has switched analysis off. Errors: TW001 before attach, 22008 for an infinite moment.';

CREATE FUNCTION btwin.learner_burnout(user_id text, as_of timestamptz DEFAULT now()) RETURNS btwin.burnout
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 1000
SET search_path = pg_catalog, pg_temp
AS $learner_burnout$
BEGIN
    PERFORM btwin.require_attached();
    RETURN (SELECT s.burnout FROM btwin._read_states(learner_burnout.user_id, '{burnout}', learner_burnout.as_of) AS s);
END
$learner_burnout$;
COMMENT ON FUNCTION btwin.learner_burnout(text, timestamptz) IS
'Burnout state of the last 125 days of a learner as of a moment, from sessions, cognitive load, reviews, missions and SESSION_ENDED events. Read it with risk, factors, signals at the learner''s day of the moment. NULL without rows, for a learner who is unknown or has switched analysis off. Errors: TW001 before attach, 22008 for an infinite moment.';

CREATE FUNCTION btwin.learner_bandit(user_id text, as_of timestamptz DEFAULT now()) RETURNS btwin.bandit
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 1000
SET search_path = pg_catalog, pg_temp
AS $learner_bandit$
BEGIN
    PERFORM btwin.require_attached();
    RETURN (SELECT s.bandit FROM btwin._read_states(learner_bandit.user_id, '{bandit}', learner_bandit.as_of) AS s);
END
$learner_bandit$;
COMMENT ON FUNCTION btwin.learner_bandit(text, timestamptz) IS
'Bandit state of a learner''s strategies as of a moment: strategy_variant and performance_score of personalization_outcomes. Read it with posterior, propensities, select_arm. NULL without outcomes, for a learner who is unknown or has switched analysis off. Errors: TW001 before attach, 22008 for an infinite moment.';
