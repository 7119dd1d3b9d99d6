-- Habits, what was made of them, and the profile that personalization acts on, as
-- an application reads them.
--
-- Arguments are checked in one assignment: PL/pgSQL evaluates that without starting
-- the executor. Times of stored rows and of changes count up to the moment asked
-- for, it included; rows of the log before it.

-- Parts

CREATE FUNCTION btwin._shares(document jsonb, names text[], other_names text[]) RETURNS float8[]
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $shares$
DECLARE
    part    float8;
    parts   float8[] := '{}';
    total   float8 := 0;
BEGIN
    FOR place IN 1 .. cardinality(names) LOOP
        part := btwin._json_number(coalesce(document -> names[place], document -> other_names[place]));
        IF part >= 0 THEN
            total := total + part;
            parts[place] := part;
        ELSE
            RETURN NULL;
        END IF;
    END LOOP;
    IF total > 0 THEN
        -- where one part was set by hand the others give way in proportion
        FOR place IN 1 .. cardinality(names) LOOP
            parts[place] := parts[place] / total;
        END LOOP;
        RETURN parts;
    END IF;
    RETURN NULL;
END
$shares$;
COMMENT ON FUNCTION btwin._shares(jsonb, text[], text[]) IS
'Internal: shares under these keys of a document (or under the other ones), divided by their sum; NULL where one is missing or negative, or all are 0.';

CREATE FUNCTION btwin._sufficiency(user_id text, moment timestamptz,
    OUT sufficient boolean, OUT weeks_needed integer, OUT sessions_needed integer, OUT reviews_needed integer)
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $sufficiency$
DECLARE
    beginning   CONSTANT timestamptz := '2000-01-01 00:00:00+00';
    learner     text := _sufficiency.user_id;
BEGIN
    -- what is beyond enough need not be counted
    SELECT e.sufficient, e.weeks_needed, e.sessions_needed, e.reviews_needed
    INTO sufficient, weeks_needed, sessions_needed, reviews_needed
    FROM (SELECT (SELECT s.started_at FROM btwin.study_sessions_window(learner, beginning, moment) AS s ORDER BY s.started_at LIMIT 1) AS first_at,
                 (SELECT count(*) FROM (SELECT FROM btwin.study_sessions_window(learner, beginning, moment) AS s WHERE s.completed_at <= moment LIMIT 20) AS c) AS completed,
                 (SELECT count(*) FROM (SELECT FROM btwin.reviews_window(learner, beginning, moment) LIMIT 50) AS r) AS reviews) AS have
    CROSS JOIN LATERAL btwin.epic5_sufficiency(have.first_at, have.completed, have.reviews, moment) AS e;
END
$sufficiency$;
COMMENT ON FUNCTION btwin._sufficiency(text, timestamptz) IS
'Internal: whether a learner''s rows before a moment are enough to look for habits (6 whole weeks since the first session, 20 completed sessions, 50 reviews, over all time), and how many of each are missing. The one rule for it. Epic 5 domain model, 2.1.';

CREATE FUNCTION btwin._patterns_at(user_id text, moment timestamptz)
RETURNS TABLE (id text, pattern_type text, pattern_name text, pattern_data jsonb, evidence text[], occurrence_count integer, first_detected_at timestamptz,
               last_seen_at timestamptz, confidence float8, evidence_count integer, method text, version text, computed_for timestamptz, reason text)
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 10
SET search_path = pg_catalog, pg_temp
AS $patterns_at$
#variable_conflict use_column
DECLARE
    learner text := _patterns_at.user_id;
    changed text[];
BEGIN
    -- patterns that are other ones by now
    changed := ARRAY(SELECT DISTINCT h.pattern_id FROM btwin.pattern_history h
                     WHERE h.user_id = learner AND h.changed_at > moment AND h.changed_at < 'infinity')
            || ARRAY(SELECT p.id FROM btwin.behavioral_patterns_window(learner, moment + interval '1 microsecond', 'infinity') AS p);

    RETURN QUERY
    SELECT p.id, p.pattern_type, p.pattern_name, p.pattern_data, p.evidence, p.occurrence_count, p.first_detected_at, p.last_seen_at,
           CASE WHEN p.confidence BETWEEN 0 AND 1 THEN p.confidence END,
           CASE WHEN v.computed_for <= moment THEN v.evidence_count END,
           coalesce(v.method, 'application'), v.version,
           CASE WHEN v.computed_for > moment THEN p.last_seen_at ELSE v.computed_for END,
           CASE WHEN p.confidence BETWEEN 0 AND 1 THEN NULL ELSE 'not_measured' END
    FROM btwin.behavioral_patterns p
    LEFT JOIN btwin.provenance v ON v.user_id = learner AND v.kind = 'behavioral_patterns' AND v.id = p.id
    WHERE p.user_id = learner AND p.first_detected_at <= moment AND p.id <> ALL (changed);

    IF cardinality(changed) > 0 THEN
        RETURN QUERY
        SELECT c.id, coalesce(h.pattern_type, p.pattern_type), coalesce(h.pattern_name, p.pattern_name), h.pattern_data,
               CASE WHEN jsonb_typeof(h.pattern_data -> 'evidence') = 'array' THEN ARRAY(SELECT jsonb_array_elements_text(h.pattern_data -> 'evidence')) END,
               NULL::integer, least(p.first_detected_at, f.changed_at), s.changed_at,
               h.confidence, h.evidence_count, coalesce(h.method, v.method, 'application'), coalesce(h.version, v.version), h.changed_at,
               CASE WHEN h.changed_at IS NULL THEN 'no_history' WHEN h.confidence IS NULL THEN 'not_measured' END
        FROM (SELECT DISTINCT u.id FROM unnest(changed) AS u (id)) AS c
        LEFT JOIN btwin.behavioral_patterns p ON p.user_id = learner AND p.id = c.id
        LEFT JOIN btwin.provenance v ON v.user_id = learner AND v.kind = 'behavioral_patterns' AND v.id = c.id
        LEFT JOIN LATERAL (SELECT h.* FROM btwin.pattern_history h
                           WHERE h.user_id = learner AND h.pattern_id = c.id AND h.changed_at > '-infinity' AND h.changed_at <= moment
                           ORDER BY h.changed_at DESC LIMIT 1) AS h ON true
        LEFT JOIN LATERAL (SELECT h.changed_at FROM btwin.pattern_history h
                           WHERE h.user_id = learner AND h.pattern_id = c.id AND h.changed_at > '-infinity' AND h.changed_at <= moment
                           ORDER BY h.changed_at LIMIT 1) AS f ON true
        LEFT JOIN LATERAL (SELECT h.changed_at FROM btwin.pattern_history h
                           WHERE h.user_id = learner AND h.pattern_id = c.id AND h.changed_at > '-infinity' AND h.changed_at <= moment
                             AND h.change IN ('CREATED', 'UPDATED')
                           ORDER BY h.changed_at DESC LIMIT 1) AS s ON true
        WHERE h.change <> 'REMOVED' OR (h.change IS NULL AND p.first_detected_at <= moment);
    END IF;
END
$patterns_at$;
COMMENT ON FUNCTION btwin._patterns_at(text, timestamptz) IS
'Internal: the patterns a learner had at a moment, in no order. Those changed since are what btwin.pattern_history says they were: how often they had been seen is not known then, the evidence is what the details of that row hold under "evidence". Patterns older than their history have no confidence (no_history).';

-- Habits

CREATE FUNCTION btwin_api.patterns(user_id text DEFAULT NULL, pattern_type_is text DEFAULT NULL, min_confidence float8 DEFAULT 0.6,
                                   max_rows integer DEFAULT 20, after_id text DEFAULT NULL, as_of timestamptz DEFAULT NULL)
RETURNS TABLE (id text, pattern_type text, pattern_name text, pattern_data jsonb, evidence text[], occurrence_count integer, first_detected_at timestamptz,
               last_seen_at timestamptz, effect float8, effect_low float8, effect_high float8,
               confidence float8, evidence_count integer, method text, version text, computed_for timestamptz, reason text)
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 500 ROWS 10
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan
AS $patterns$
#variable_conflict use_column
DECLARE
    moment              timestamptz;
    learner             text;
    after_confidence    float8;
    after_seen_at       timestamptz;
    checked boolean;
BEGIN
    checked := btwin._check_enum('pattern_type_is', patterns.pattern_type_is, 'BehavioralPatternType')
           AND btwin._need('min_confidence', patterns.min_confidence IS NOT NULL)
           AND btwin._check_between('min_confidence', patterns.min_confidence, 0, 1)
           AND btwin._check_max_rows(patterns.max_rows, 100);
    moment := btwin._moment(patterns.as_of);
    learner := btwin._caller(patterns.user_id);
    IF patterns.after_id IS NOT NULL THEN
        SELECT coalesce(p.confidence, -1), coalesce(p.last_seen_at, '-infinity') INTO after_confidence, after_seen_at
        FROM btwin._patterns_at(learner, moment) AS p WHERE p.id = patterns.after_id;
        IF NOT FOUND THEN
            PERFORM btwin._refuse_foreign();
        END IF;
    END IF;
    RETURN QUERY
    SELECT p.id, p.pattern_type, p.pattern_name, p.pattern_data, p.evidence, p.occurrence_count, p.first_detected_at, p.last_seen_at,
           btwin._json_number(p.pattern_data -> 'effect'), btwin._json_number(p.pattern_data -> 'effect_low'), btwin._json_number(p.pattern_data -> 'effect_high'),
           p.confidence, p.evidence_count, p.method, p.version, p.computed_for, p.reason
    FROM btwin._patterns_at(learner, moment) AS p
    WHERE (patterns.pattern_type_is IS NULL OR p.pattern_type = patterns.pattern_type_is)
      AND coalesce(p.confidence, 0) >= patterns.min_confidence
      -- behind that row: less confidence, or the same and not seen as lately, or the same and a later id
      AND (patterns.after_id IS NULL
           OR (after_confidence, after_seen_at, p.id) > (coalesce(p.confidence, -1), coalesce(p.last_seen_at, '-infinity'), patterns.after_id))
    ORDER BY p.confidence DESC NULLS LAST, p.last_seen_at DESC NULLS LAST, p.id
    LIMIT patterns.max_rows;
END
$patterns$;
COMMENT ON FUNCTION btwin_api.patterns(text, text, float8, integer, text, timestamptz) IS
'Habits of a learner, the surest first.
Arguments: user_id; pattern_type_is, one of OPTIMAL_STUDY_TIME, SESSION_DURATION_PREFERENCE, CONTENT_TYPE_PREFERENCE, PERFORMANCE_PEAK, ATTENTION_CYCLE, FORGETTING_CURVE (default all); min_confidence 0 to 1 (0.6), 0 also lists patterns whose confidence is not known; max_rows 1 to 100 (20); after_id, continue behind this pattern; as_of.
Columns: id; pattern_type; pattern_name; pattern_data, details by type; evidence in words; occurrence_count, how often seen; first_detected_at and last_seen_at; effect of the best against the rest, in the unit of the score, with its 95 % interval effect_low to effect_high, NULL where the pattern has none; confidence 0 to 1; evidence_count, rows it rests on; method (btwin, epic5, application) and version of the rule; computed_for; reason why there is no confidence: no_history (as_of lies before what is known of its past) or not_measured.
Order: confidence desc, last_seen_at desc, id. For an earlier as_of a pattern that has changed since is what btwin.pattern_history says it was then, also one that is gone by now.
Errors: PT400 missing_argument, not_allowed_value, out_of_range, user_required, not_attached; PT403 no_claim, forbidden (also: after_id is not the learner''s), analysis_disabled; PT404 unknown_learner, unknown_id.
Epic 5 domain model, 2.1. Reads behavioral_patterns, btwin.pattern_history, btwin.provenance.';

CREATE FUNCTION btwin_api.pattern_evolution(user_id text DEFAULT NULL, weeks integer DEFAULT 12, pattern_type_is text DEFAULT NULL, as_of timestamptz DEFAULT NULL)
RETURNS TABLE (week_number integer, week_start timestamptz, week_end timestamptz, id text, pattern_type text, pattern_name text, status text,
               previous_confidence float8, metadata jsonb,
               confidence float8, evidence_count integer, method text, version text, computed_for timestamptz, reason text)
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 1000 ROWS 60
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan
AS $pattern_evolution$
#variable_conflict use_column
DECLARE
    moment  timestamptz;
    learner text;
    from_at timestamptz;
    starts  timestamptz[];
    checked boolean;
BEGIN
    checked := btwin._need('weeks', pattern_evolution.weeks IS NOT NULL)
           AND btwin._check_between('weeks', pattern_evolution.weeks, 1, 52)
           AND btwin._check_enum('pattern_type_is', pattern_evolution.pattern_type_is, 'BehavioralPatternType');
    moment := btwin._moment(pattern_evolution.as_of);
    learner := btwin._caller(pattern_evolution.user_id);
    from_at := moment - pattern_evolution.weeks * interval '168 hours';
    starts := ARRAY(SELECT from_at + g.number * interval '168 hours' FROM generate_series(0, pattern_evolution.weeks - 1) AS g (number));
    RETURN QUERY
    WITH RECURSIVE known AS (
        -- every pattern that history knows, one probe each
        (SELECT h.pattern_id FROM btwin.pattern_history h WHERE h.user_id = learner ORDER BY h.pattern_id LIMIT 1)
        UNION ALL
        SELECT (SELECT h.pattern_id FROM btwin.pattern_history h WHERE h.user_id = learner AND h.pattern_id > k.pattern_id ORDER BY h.pattern_id LIMIT 1)
        FROM known AS k WHERE k.pattern_id IS NOT NULL
    ), change AS (
        -- week 0 is what was before; what changes at the moment itself belongs to the last week
        SELECT k.pattern_id, 0 AS week, b.*
        FROM known AS k
        CROSS JOIN LATERAL (SELECT h.changed_at AS at, h.change, h.pattern_type, h.pattern_name, h.confidence, h.evidence_count, h.pattern_data -> 'evidence' AS words,
                                   h.method, h.version, h.changed_at AS computed_for
                            FROM btwin.pattern_history h
                            WHERE h.user_id = learner AND h.pattern_id = k.pattern_id AND h.changed_at > '-infinity' AND h.changed_at < from_at
                            ORDER BY h.changed_at DESC LIMIT 1) AS b
        UNION ALL
        SELECT h.pattern_id, least(width_bucket(h.changed_at, starts), pattern_evolution.weeks), h.changed_at, h.change, h.pattern_type, h.pattern_name, h.confidence, h.evidence_count,
               h.pattern_data -> 'evidence', h.method, h.version, h.changed_at
        FROM btwin.pattern_history h
        WHERE h.user_id = learner AND h.changed_at >= from_at AND h.changed_at < moment + interval '1 microsecond'
        UNION ALL
        -- the pattern as it is, for as long as history says nothing
        SELECT p.id, least(width_bucket(p.first_detected_at, starts), pattern_evolution.weeks), p.first_detected_at, NULL, p.pattern_type, p.pattern_name, k.confidence,
               CASE WHEN k.confidence IS NOT NULL AND v.computed_for <= moment THEN v.evidence_count END, to_jsonb(p.evidence),
               coalesce(v.method, 'application'), v.version, CASE WHEN k.confidence IS NOT NULL AND v.computed_for <= moment THEN v.computed_for END
        FROM btwin.behavioral_patterns p
        CROSS JOIN LATERAL (SELECT CASE WHEN p.last_seen_at <= moment AND p.confidence BETWEEN 0 AND 1 THEN p.confidence END) AS k (confidence)
        LEFT JOIN btwin.provenance v ON v.user_id = learner AND v.kind = 'behavioral_patterns' AND v.id = p.id
        WHERE p.user_id = learner AND p.first_detected_at <= moment
          AND NOT EXISTS (SELECT FROM btwin.pattern_history h
                          WHERE h.user_id = learner AND h.pattern_id = p.id AND h.changed_at > '-infinity' AND h.changed_at <= p.first_detected_at)
    ), stood AS (
        -- how it stood at the end of a week, until which week it stood so, and how before
        SELECT c.*, lead(c.week) OVER past AS next_week, lag(c.week) OVER past AS week_before, lag(c.change) OVER past AS change_before,
               lag(CASE WHEN c.change IS NOT NULL THEN c.confidence END) OVER past AS confidence_before
        FROM (SELECT DISTINCT ON (c.pattern_id, c.week) c.* FROM change AS c ORDER BY c.pattern_id, c.week, c.at DESC) AS c
        WINDOW past AS (PARTITION BY c.pattern_id ORDER BY c.week)
    )
    SELECT w.number, starts[w.number], starts[w.number] + interval '168 hours', s.pattern_id, s.pattern_type, s.pattern_name,
           CASE WHEN (w.number = s.week AND s.week_before IS NULL) OR b.change = 'REMOVED' THEN 'NEW'
                WHEN s.change = 'REMOVED' THEN 'DISAPPEARED'
                ELSE 'EXISTING' END,
           CASE WHEN b.change <> 'REMOVED' THEN b.confidence END,
           -- what stands there now speaks for the last week alone
           CASE WHEN n.is_told THEN s.words END, CASE WHEN n.is_told THEN s.confidence END, CASE WHEN n.is_told THEN s.evidence_count END,
           s.method, s.version, CASE WHEN n.is_told THEN s.computed_for END,
           CASE WHEN s.change IS NULL AND NOT n.is_told THEN 'no_history' WHEN s.confidence IS NULL THEN 'not_measured' END
    FROM stood AS s
    -- what was removed shows once
    JOIN generate_series(1, pattern_evolution.weeks) AS w (number)
         ON w.number >= s.week AND w.number <= CASE WHEN s.change = 'REMOVED' THEN s.week ELSE coalesce(s.next_week - 1, pattern_evolution.weeks) END
    CROSS JOIN LATERAL (SELECT CASE WHEN w.number = s.week THEN s.change_before ELSE s.change END,
                               CASE WHEN w.number = s.week THEN s.confidence_before ELSE s.confidence END) AS b (change, confidence)
    CROSS JOIN LATERAL (SELECT s.change IS NOT NULL OR (w.number = pattern_evolution.weeks AND s.confidence IS NOT NULL)) AS n (is_told)
    WHERE (pattern_evolution.pattern_type_is IS NULL OR s.pattern_type = pattern_evolution.pattern_type_is)
      AND NOT (s.change = 'REMOVED' AND b.change IS NOT DISTINCT FROM 'REMOVED')
    ORDER BY w.number, s.pattern_type, CASE WHEN n.is_told THEN s.confidence END DESC NULLS LAST, s.pattern_id;
END
$pattern_evolution$;
COMMENT ON FUNCTION btwin_api.pattern_evolution(text, integer, text, timestamptz) IS
'Habits of a learner week by week: which came, stayed and went, and how sure they were at the time.
Arguments: user_id; weeks 1 to 52 (12), blocks of 168 hours that end at as_of, the oldest is week 1; pattern_type_is as in patterns (default all); as_of.
One row for each week and pattern alive in it: week_number; week_start and week_end; id; pattern_type; pattern_name; status NEW (first detected, or found again after its removal, in the week), DISAPPEARED (removed in it) or EXISTING; previous_confidence 0 to 1 at the end of the week before; metadata, the evidence in words; confidence 0 to 1 at the end of the week, of a pattern that disappeared the one it was removed with; evidence_count, rows it rested on; method and version of the rule; computed_for, when the pattern became what the row says; reason why there is no confidence: no_history (the week lies before what is known of its past; the value of today is shown only for the week that ends now) or not_measured.
Order: week_number, pattern_type, confidence desc, id. Weeks without patterns give no row.
Errors: PT400 missing_argument, out_of_range, not_allowed_value, user_required, not_attached; PT403 no_claim, forbidden, analysis_disabled; PT404 unknown_learner.
Epic 5 domain model, 3.1. Reads btwin.pattern_history, behavioral_patterns, btwin.provenance.';

CREATE FUNCTION btwin_api.explain_pattern(user_id text DEFAULT NULL, pattern_id text DEFAULT NULL, as_of timestamptz DEFAULT NULL)
RETURNS TABLE (factor text, value float8, weight float8, contribution float8, contribution_logit float8, description text, is_base boolean, version text)
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 500 ROWS 6
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan
AS $explain_pattern$
#variable_conflict use_column
DECLARE
    moment  timestamptz;
    learner text;
    part    record;
    checked boolean;
BEGIN
    checked := btwin._need('pattern_id', explain_pattern.pattern_id IS NOT NULL);
    moment := btwin._moment(explain_pattern.as_of);
    learner := btwin._caller(explain_pattern.user_id);
    SELECT p.pattern_data, p.confidence, p.method, p.version INTO part FROM btwin._patterns_at(learner, moment) AS p WHERE p.id = explain_pattern.pattern_id;
    IF NOT FOUND THEN
        PERFORM btwin._refuse_foreign();
    END IF;
    IF part.confidence IS NULL THEN
        RETURN;
    END IF;
    RETURN QUERY
    WITH step AS (
        -- the analysis keeps what it made the confidence of
        SELECT e.place::integer AS place, e.value ->> 'factor' AS factor, btwin._json_number(e.value -> 'value') AS value, 1::float8 AS weight,
               btwin._json_number(e.value -> 'contribution') AS contribution
        FROM jsonb_array_elements(CASE WHEN jsonb_typeof(part.pattern_data -> 'contributions') = 'array' THEN part.pattern_data -> 'contributions' END) WITH ORDINALITY AS e (value, place)
        WHERE part.method = 'btwin'
        UNION ALL
        -- a rule that counts its own runs
        SELECT x.place, x.factor, x.value, x.weight, x.value * x.weight
        FROM (SELECT h.changed_at, h.confidence FROM btwin.pattern_history h
              WHERE h.user_id = learner AND h.pattern_id = explain_pattern.pattern_id AND h.changed_at > '-infinity' AND h.changed_at <= moment AND h.change = 'CREATED'
              ORDER BY h.changed_at DESC LIMIT 1) AS b
        CROSS JOIN LATERAL (SELECT count(*) FILTER (WHERE h.change = 'UPDATED') AS seen, count(*) FILTER (WHERE h.change = 'WEAKENED') AS missed
                            FROM btwin.pattern_history h
                            WHERE h.user_id = learner AND h.pattern_id = explain_pattern.pattern_id AND h.changed_at >= b.changed_at AND h.changed_at <= moment) AS n
        CROSS JOIN LATERAL (VALUES (1, 'first_save', b.confidence, 1::float8), (2, 'increments', n.seen, 0.05), (3, 'decrements', n.missed, -0.1)) AS x (place, factor, value, weight)
        WHERE part.method = 'epic5'
    ), known AS (
        SELECT s.place, s.factor, s.value, s.weight, s.contribution FROM step AS s WHERE s.factor IS NOT NULL AND s.contribution IS NOT NULL
    ), whole AS (
        SELECT count(*) AS steps, part.confidence - coalesce(sum(k.contribution), 0) AS rest, coalesce(max(k.place), 0) + 1 AS place FROM known AS k
    ), line AS (
        SELECT k.place, k.factor, k.value, k.weight, k.contribution FROM known AS k
        UNION ALL
        SELECT w.place, CASE WHEN w.steps = 0 THEN 'stored' WHEN part.method = 'epic5' THEN 'cap' ELSE 'rounding' END, w.rest, 1, w.rest
        FROM whole AS w
        WHERE w.steps = 0 OR abs(w.rest) > 1e-12 OR part.method = 'epic5'
    )
    SELECT l.factor, l.value, l.weight, l.contribution, NULL::float8,
           CASE l.factor WHEN 'prior' THEN 'a habit, before any row is seen'
                         WHEN 'effect' THEN 'the difference in score, had it been seen in 20 rows'
                         WHEN 'sample_size' THEN 'the number of rows it was seen in'
                         WHEN 'consistency' THEN 'how much rows of a day and a week resemble each other'
                         WHEN 'multiplicity' THEN 'how many others could have been found instead'
                         WHEN 'recency' THEN 'it may have begun or ended meanwhile'
                         WHEN 'evidence' THEN 'what its rows make of it'
                         WHEN 'first_save' THEN 'the confidence it was first stored with'
                         WHEN 'increments' THEN 'runs of the analysis that found it again'
                         WHEN 'decrements' THEN 'runs of the analysis that did not find it'
                         WHEN 'cap' THEN 'what the bounds of the rule took off'
                         WHEN 'stored' THEN 'the stored confidence; nothing is known of how it came about'
                         WHEN 'rounding' THEN 'what the steps leave open'
                         ELSE l.factor END,
           l.place = 1, part.version
    FROM line AS l ORDER BY l.place;
END
$explain_pattern$;
COMMENT ON FUNCTION btwin_api.explain_pattern(text, text, timestamptz) IS
'What the confidence of a habit is made of; the contributions sum to it.
Arguments: user_id; pattern_id, needed, as patterns lists it; as_of.
Rows in this order, for method btwin: prior, effect, sample_size, consistency, multiplicity, recency (each as btwin.contributions gave it when the pattern was worked out), rounding where they leave something open; for lengths of sessions and for forgetting only prior and evidence; for epic5: first_save, increments, decrements, cap; for patterns of the application, whose past nobody kept: stored.
Columns: factor; value, the quantity in its own unit; weight: 1, 0.05 for increments, -0.1 for decrements; contribution, change of the confidence (0 to 1) by this step; contribution_logit NULL; description; is_base, true for the first row; version of the rule. No rows where the confidence is not known.
Errors: PT400 missing_argument, out_of_range, user_required, not_attached; PT403 no_claim, forbidden (also: the learner has no such pattern at as_of), analysis_disabled; PT404 unknown_learner, unknown_id.
Epic 5 domain model, 2.1. Reads behavioral_patterns, btwin.pattern_history, btwin.provenance.';

-- Insights

CREATE FUNCTION btwin._insight_weight(insight_type text) RETURNS float8
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $insight_weight$
SELECT CASE insight_type WHEN 'STUDY_TIME_OPTIMIZATION' THEN 1.2 WHEN 'RETENTION_STRATEGY' THEN 1.1
                         WHEN 'SESSION_LENGTH_ADJUSTMENT' THEN 1.0 WHEN 'CONTENT_PREFERENCE' THEN 0.9 END::pg_catalog.float8
$insight_weight$;
COMMENT ON FUNCTION btwin._insight_weight(text) IS
'Internal: what the confidence of an insight is multiplied by to give its impact. Epic 5 domain model, 2.10. Inlined.';

CREATE FUNCTION btwin_api.insights(user_id text DEFAULT NULL, include_acknowledged boolean DEFAULT false,
                                   max_rows integer DEFAULT 20, after_id text DEFAULT NULL, as_of timestamptz DEFAULT NULL)
RETURNS TABLE (id text, insight_type text, title text, description text, actionable_recommendation text, impact float8, created_at timestamptz,
               acknowledged_at timestamptz, applied boolean, pattern_ids text[],
               confidence float8, evidence_count integer, method text, version text, computed_for timestamptz, reason text)
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 500 ROWS 10
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan
AS $insights$
#variable_conflict use_column
DECLARE
    beginning           CONSTANT timestamptz := '2000-01-01 00:00:00+00';
    moment              timestamptz;
    learner             text;
    after_confidence    float8;
    after_created_at    timestamptz;
    checked boolean;
BEGIN
    checked := btwin._need('include_acknowledged', insights.include_acknowledged IS NOT NULL)
           AND btwin._check_max_rows(insights.max_rows, 100);
    moment := btwin._moment(insights.as_of);
    learner := btwin._caller(insights.user_id);
    IF insights.after_id IS NOT NULL THEN
        SELECT CASE WHEN i.confidence BETWEEN 0 AND 1 THEN i.confidence ELSE -1 END, i.created_at INTO after_confidence, after_created_at
        -- among the learner's rows, not by the key: a row of somebody else is not read
        FROM btwin.behavioral_insights i WHERE i.user_id = learner AND i.id IS NOT DISTINCT FROM insights.after_id AND i.created_at <= moment;
        IF NOT FOUND THEN
            PERFORM btwin._refuse_foreign();
        END IF;
    END IF;
    RETURN QUERY
    SELECT n.id, n.insight_type, n.title, n.description, n.actionable_recommendation, n.known_confidence * btwin._insight_weight(n.insight_type), n.created_at,
           n.done_at, n.applied AND (n.done_at IS NOT NULL OR n.acknowledged_at IS NULL),
           ARRAY(SELECT l.pattern_id FROM btwin.insight_patterns l WHERE l.insight_id = n.id ORDER BY l.pattern_id),
           n.known_confidence, CASE WHEN v.computed_for <= moment THEN v.evidence_count END,
           coalesce(v.method, 'application'), v.version, CASE WHEN v.computed_for > moment THEN n.created_at ELSE v.computed_for END,
           CASE WHEN n.known_confidence IS NULL THEN 'not_measured' END
    FROM (SELECT i.*, k.known_confidence, k.done_at
          FROM btwin.behavioral_insights_window(learner, beginning, moment + interval '1 microsecond') AS i
          CROSS JOIN LATERAL (SELECT CASE WHEN i.confidence BETWEEN 0 AND 1 THEN i.confidence END, CASE WHEN i.acknowledged_at <= moment THEN i.acknowledged_at END)
               AS k (known_confidence, done_at)
          WHERE (insights.include_acknowledged OR k.done_at IS NULL)
            AND (insights.after_id IS NULL OR (after_confidence, after_created_at, i.id) > (coalesce(k.known_confidence, -1), i.created_at, insights.after_id))
          ORDER BY k.known_confidence DESC NULLS LAST, i.created_at DESC, i.id
          LIMIT insights.max_rows) AS n
    LEFT JOIN btwin.provenance v ON v.user_id = learner AND v.kind = 'behavioral_insights' AND v.id = n.id
    ORDER BY n.known_confidence DESC NULLS LAST, n.created_at DESC, n.id;
END
$insights$;
COMMENT ON FUNCTION btwin_api.insights(text, boolean, integer, text, timestamptz) IS
'What was concluded from a learner''s habits, the surest first.
Arguments: user_id; include_acknowledged (false: only those the learner has not acknowledged at as_of); max_rows 1 to 100 (20); after_id, continue behind this insight; as_of.
Columns: id; insight_type STUDY_TIME_OPTIMIZATION, SESSION_LENGTH_ADJUSTMENT, CONTENT_PREFERENCE or RETENTION_STRATEGY; title; description; actionable_recommendation; impact 0 to 1.2, the confidence times 1.2, 1.0, 0.9 or 1.1 in the order of the types; created_at; acknowledged_at; applied, the learner acted on it; pattern_ids, habits behind it; confidence 0 to 1; evidence_count, rows it rests on; method (btwin, epic5, application) and version of the rule; computed_for; reason why there is no confidence: not_measured.
Order: confidence desc, created_at desc, id.
Errors: PT400 missing_argument, out_of_range, user_required, not_attached; PT403 no_claim, forbidden (also: after_id is not the learner''s), analysis_disabled; PT404 unknown_learner, unknown_id.
Epic 5 domain model, 2.10. Reads behavioral_insights, insight_patterns, btwin.provenance.';

-- Profile

CREATE FUNCTION btwin_api.learning_profile(user_id text DEFAULT NULL, as_of timestamptz DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 1000
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan
AS $learning_profile$
DECLARE
    moment      timestamptz;
    learner     text;
    enough      record;
    profile     record;
    is_there    boolean;
    no_profile  text;
    is_profiled boolean;
    quality     float8;
    content     float8[];
    exposure    float8[];
    curve       record;
    tolerance   float8;
BEGIN
    moment := btwin._moment(learning_profile.as_of);
    learner := btwin._caller(learning_profile.user_id);
    SELECT s.* INTO enough FROM btwin._sufficiency(learner, moment) AS s;
    SELECT p.preferred_study_times, p.average_session_duration, p.optimal_session_duration, p.content_preferences, p.learning_style_profile,
           p.personalized_forgetting_curve, p.last_analyzed_at, p.data_quality_score,
           coalesce(v.method, 'application') AS method, v.version, v.computed_for, v.evidence_count, v.low, v.high
    INTO profile
    FROM btwin.user_learning_profiles p
    LEFT JOIN btwin.provenance v ON v.user_id = learner AND v.kind = 'user_learning_profiles' AND v.id = p.id
    WHERE p.user_id = learner;
    is_there := FOUND;
    no_profile := CASE WHEN is_there THEN 'not_measured' WHEN enough.sufficient THEN 'no_rows' ELSE 'insufficient_data' END;
    is_profiled := coalesce((SELECT u.learning_style_profiling_enabled FROM btwin.users u WHERE u.id = learner), true);
    quality := CASE WHEN profile.data_quality_score BETWEEN 0 AND 1 THEN profile.data_quality_score END;
    content := btwin._shares(profile.content_preferences, '{lectures,flashcards,validation,clinicalReasoning}', '{lectures,flashcards,validation,clinical_reasoning}');
    exposure := CASE WHEN is_profiled THEN btwin._shares(profile.learning_style_profile, '{visual,auditory,reading,kinesthetic}', '{visual,auditory,reading,kinesthetic}') END;

    -- writers of the reference and readers of it spell the curve in three ways
    SELECT CASE WHEN n.initial BETWEEN 0 AND 1 THEN n.initial END AS initial, CASE WHEN n.decay >= 0 THEN n.decay END AS decay,
           CASE WHEN n.half_life > 0 THEN n.half_life WHEN n.decay > 0 THEN ln(2::float8) / n.decay END AS half_life,
           CASE WHEN n.low >= 0 AND n.high >= n.low THEN n.low END AS low, CASE WHEN n.low >= 0 AND n.high >= n.low THEN n.high END AS high,
           CASE WHEN n.confidence BETWEEN 0 AND 1 THEN n.confidence ELSE quality END AS confidence,
           CASE WHEN n.reviews BETWEEN 0 AND 2147483647 THEN n.reviews::integer END AS reviews,
           CASE WHEN n.review_after >= 0 THEN n.review_after
                -- until 70 of 100 are left
                WHEN n.initial BETWEEN 0 AND 0.7 THEN 0
                WHEN n.initial BETWEEN 0.7 AND 1 AND n.decay > 0 THEN ln(n.initial / 0.7) / n.decay END AS review_after
    INTO curve
    FROM (SELECT btwin._json_number(coalesce(c -> 'initialRetention', c -> 'R0', c -> 'initial_retention')) AS initial,
                 btwin._json_number(coalesce(c -> 'decayRate', c -> 'k', c -> 'decay_rate')) AS decay,
                 btwin._json_number(coalesce(c -> 'stabilityFactor', c -> 'halfLife', c -> 'half_life_days')) AS half_life,
                 btwin._json_number(coalesce(c -> 'halfLifeLow', c -> 'half_life_low')) AS low,
                 btwin._json_number(coalesce(c -> 'halfLifeHigh', c -> 'half_life_high')) AS high,
                 btwin._json_number(c -> 'confidence') AS confidence,
                 btwin._json_number(coalesce(c -> 'evidenceCount', c -> 'evidence_count')) AS reviews,
                 btwin._json_number(coalesce(c -> 'recommendedReviewInterval', c -> 'recommended_review_interval_days')) AS review_after
          FROM (SELECT profile.personalized_forgetting_curve OFFSET 0) AS p (c) OFFSET 0) AS n;
    tolerance := btwin._json_number(coalesce(profile.learning_style_profile -> 'loadTolerance', profile.learning_style_profile -> 'load_tolerance'));
    tolerance := CASE WHEN tolerance BETWEEN 0 AND 100 THEN tolerance END;

    RETURN jsonb_build_object(
        'sufficient', enough.sufficient,
        'requirements', jsonb_build_object('weeks_needed', enough.weeks_needed, 'sessions_needed', enough.sessions_needed, 'reviews_needed', enough.reviews_needed),
        'has_profile', is_there,
        'preferred_study_times',
        (SELECT coalesce(jsonb_agg(jsonb_build_object('day_of_week', f.day::integer, 'start_hour', f.start_hour::integer, 'end_hour', f.end_hour::integer,
                                                      'effectiveness', CASE WHEN f.effectiveness BETWEEN 0 AND 1 THEN f.effectiveness END) ORDER BY e.place), '[]')
         FROM jsonb_array_elements(CASE WHEN jsonb_typeof(profile.preferred_study_times) = 'array' THEN profile.preferred_study_times END) WITH ORDINALITY AS e (value, place)
         CROSS JOIN LATERAL (SELECT coalesce(btwin._json_number(coalesce(e.value -> 'dayOfWeek', e.value -> 'day_of_week')), -1) AS day,
                                    btwin._json_number(coalesce(e.value -> 'startHour', e.value -> 'start_hour')) AS start_hour,
                                    -- midnight is the end of a day
                                    coalesce(nullif(btwin._json_number(coalesce(e.value -> 'endHour', e.value -> 'end_hour')), 0), 24) AS end_hour,
                                    btwin._json_number(e.value -> 'effectiveness') AS effectiveness OFFSET 0) AS f
         WHERE f.day BETWEEN -1 AND 6 AND f.start_hour BETWEEN 0 AND 23 AND f.end_hour BETWEEN 1 AND 24),
        'average_session_minutes', profile.average_session_duration,
        'optimal_session_minutes',
        btwin._score(profile.optimal_session_duration, profile.low, profile.high, quality, profile.evidence_count, profile.method, profile.version,
                     coalesce(profile.computed_for, profile.last_analyzed_at),
                     CASE WHEN is_there THEN ARRAY[format('sessions take %s minutes on average', profile.average_session_duration)] END, no_profile),
        'content_preferences',
        jsonb_build_object('lectures', content[1], 'flashcards', content[2], 'validation', content[3], 'clinical_reasoning', content[4],
                           'reason', CASE WHEN content IS NULL THEN no_profile END),
        'exposure_mix',
        jsonb_build_object('visual', exposure[1], 'auditory', exposure[2], 'reading', exposure[3], 'kinesthetic', exposure[4],
                           'reason', CASE WHEN NOT is_profiled THEN 'analysis_disabled' WHEN exposure IS NULL THEN no_profile END),
        'forgetting_curve',
        jsonb_build_object('initial_retention', curve.initial, 'decay_rate', curve.decay, 'half_life_days', curve.half_life,
                           'recommended_review_interval_days', curve.review_after,
                           'score', btwin._score(curve.half_life, curve.low, curve.high, curve.confidence, curve.reviews, profile.method, profile.version,
                                                 coalesce(profile.computed_for, profile.last_analyzed_at),
                                                 CASE WHEN curve.half_life IS NOT NULL THEN ARRAY[format('half of what is known is forgotten in %s days', round(curve.half_life::numeric, 1))] END,
                                                 no_profile)),
        'load_tolerance',
        btwin._score(coalesce(tolerance, 65), NULL, NULL, CASE WHEN tolerance IS NULL THEN 0 ELSE quality END, NULL, profile.method, profile.version,
                     coalesce(profile.computed_for, profile.last_analyzed_at), NULL)
            || CASE WHEN tolerance IS NULL THEN '{"reason": "default_used"}' ELSE '{}' END::jsonb,
        'data_quality_score', quality,
        'last_analyzed_at', profile.last_analyzed_at);
END
$learning_profile$;
COMMENT ON FUNCTION btwin_api.learning_profile(text, timestamptz) IS
'The profile that personalization acts on, and whether there is enough history for one.
Arguments: user_id; as_of, for the counts; the profile itself has no history and is read as it is.
Keys: sufficient: 6 weeks since the first session, 20 completed sessions, 50 reviews, over all time; requirements {weeks_needed, sessions_needed, reviews_needed}, what is missing of them; has_profile; preferred_study_times [{day_of_week -1 (any day) to 6, start_hour 0 to 23, end_hour 1 to 24, effectiveness 0 to 1 or null}]; average_session_minutes; optimal_session_minutes, a score in minutes (15 to 180); content_preferences {lectures, flashcards, validation, clinical_reasoning: shares 0 to 1 that sum to 1, reason}; exposure_mix {visual, auditory, reading, kinesthetic: shares that sum to 1, reason}, what the learner meets, not a trait; forgetting_curve {initial_retention 0 to 1, decay_rate per day, half_life_days, recommended_review_interval_days (as set, else until 70 % are left), score of the half-life in days}; load_tolerance, a score 0 to 100, 65 with reason default_used where none is known; data_quality_score 0 to 1; last_analyzed_at. Reasons where there is no value: insufficient_data, no_rows (no profile yet), not_measured, analysis_disabled (the learner switched profiling of learning styles off).
Errors: PT400 out_of_range, user_required, not_attached; PT403 no_claim, forbidden, analysis_disabled; PT404 unknown_learner.
Epic 5 domain model, 1.5, 2.1 and 2.9. Reads user_learning_profiles, study_sessions, reviews, users, btwin.provenance.';
