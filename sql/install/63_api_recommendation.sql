-- Recommendations and goals: what was proposed to the learner and what came of
-- it, and what the learner wants to reach.

-- Recommendations

CREATE FUNCTION btwin_api.recommendations(user_id text DEFAULT NULL, include_applied boolean DEFAULT false, status_is text DEFAULT NULL,
    max_rows integer DEFAULT 5, after_id text DEFAULT NULL, as_of timestamptz DEFAULT NULL)
RETURNS TABLE (id text, recommendation_type text, title text, description text, actionable_text text, priority_score float8, estimated_impact float8,
               ease_of_implementation float8, user_readiness float8, status text, source_pattern_ids text[], source_insight_ids text[],
               created_at timestamptz, applied_at timestamptz, dismissed_at timestamptz,
               confidence float8, evidence_count integer, method text, version text, computed_for timestamptz, reason text)
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 1000 ROWS 5
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan
AS $recommendations$
#variable_conflict use_column
DECLARE
    checked boolean;
    moment          timestamptz;
    learner         text;
    after_priority  float8;
    after_created   timestamptz;
BEGIN
    checked := btwin._need('include_applied', recommendations.include_applied IS NOT NULL)
           AND btwin._check_enum('status_is', recommendations.status_is, 'RecommendationStatus')
           AND btwin._check_max_rows(recommendations.max_rows, 20);
    moment := btwin._moment(recommendations.as_of);
    learner := btwin._caller(recommendations.user_id);
    IF recommendations.after_id IS NOT NULL THEN
        SELECT r.priority_score, r.created_at INTO after_priority, after_created
        -- among the learner's rows, not by the key: a row of somebody else is not read
        FROM btwin.recommendations r WHERE r.user_id = learner AND r.id IS NOT DISTINCT FROM recommendations.after_id;
        IF NOT FOUND THEN
            PERFORM btwin._refuse_foreign();
        END IF;
    END IF;
    RETURN QUERY
    SELECT r.id, r.recommendation_type, r.title, r.description, r.actionable_text,
           btwin._plain_number(r.priority_score), btwin._plain_number(r.estimated_impact), btwin._plain_number(r.ease_of_implementation), btwin._plain_number(r.user_readiness),
           r.status_then, r.source_pattern_ids, r.source_insight_ids, r.created_at, r.applied_then, r.dismissed_then,
           btwin._plain_number(r.confidence), p.evidence_count, coalesce(p.method, 'application'), p.version, p.computed_for, NULL::text
    FROM (SELECT w.id, w.recommendation_type, w.title, w.description, w.actionable_text, w.priority_score, w.estimated_impact, w.ease_of_implementation,
                 w.user_readiness, w.source_pattern_ids, w.source_insight_ids, w.created_at, w.confidence, t.status_then, t.applied_then, t.dismissed_then
          FROM btwin.recommendations_window(learner, timestamptz '2000-01-01 00:00+00', moment + interval '1 microsecond') AS w
          CROSS JOIN LATERAL (SELECT CASE WHEN w.dismissed_at <= moment THEN 'DISMISSED'
                                          -- what it was before nobody wrote down
                                          WHEN w.dismissed_at > moment AND w.status = 'DISMISSED' THEN 'PENDING'
                                          ELSE w.status END,
                                     CASE WHEN w.applied_at <= moment THEN w.applied_at END,
                                     CASE WHEN w.dismissed_at <= moment THEN w.dismissed_at END) AS t (status_then, applied_then, dismissed_then)
          WHERE (recommendations.include_applied OR t.applied_then IS NULL)
            AND CASE WHEN recommendations.status_is IS NULL THEN t.status_then <> 'DISMISSED' ELSE t.status_then = recommendations.status_is END
            AND (recommendations.after_id IS NULL
                 OR w.priority_score < after_priority
                 OR w.priority_score = after_priority AND (w.created_at < after_created
                                                           OR w.created_at = after_created AND w.id > recommendations.after_id))
          ORDER BY w.priority_score DESC, w.created_at DESC, w.id
          LIMIT recommendations.max_rows) AS r
    LEFT JOIN btwin.provenance p ON p.user_id = learner AND p.kind = 'recommendations' AND p.id = r.id
    ORDER BY r.priority_score DESC, r.created_at DESC, r.id;
END
$recommendations$;
COMMENT ON FUNCTION btwin_api.recommendations(text, boolean, text, integer, text, timestamptz) IS
'Recommendations to a learner, the most important first.
A list of what analyses (or the application) stored; reading does not make new ones. Order: priority_score downwards, created_at downwards, id.
Arguments. user_id: learner, default the caller. include_applied: also those acted upon; false. status_is: PENDING, VIEWED, DISMISSED or RATED; NULL: all that are not dismissed. max_rows: 1 to 20; 5. after_id: continue behind this one. as_of: moment of the answer, default now; what was applied or dismissed later was not yet then.
Columns. id, recommendation_type, title, description, actionable_text; priority_score, estimated_impact, ease_of_implementation, user_readiness: 0 to 1; status; source_pattern_ids, source_insight_ids: what it came from; created_at, applied_at, dismissed_at; confidence 0 to 1; evidence_count: rows it rests on; method: rule that made it, application where the application wrote it; version of the rule; computed_for: moment it was worked out for; reason: NULL, there is always a confidence.
Errors: PT400 missing_argument, out_of_range, not_allowed_value, user_required; PT403 no_claim, forbidden, analysis_disabled; PT404 unknown_learner, unknown_id.
Epic 5 domain model, 2.29 and 3.1 (3). Reads recommendations, btwin.provenance.';

CREATE FUNCTION btwin_api.recommendation_metrics(user_id text DEFAULT NULL, period text DEFAULT '7d', as_of timestamptz DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 2000
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan
AS $recommendation_metrics$
DECLARE
    checked boolean;
    version     CONSTANT text := 'recommendation-1';
    z           CONSTANT float8 := 1.959963984540054;
    moment      timestamptz;
    until       timestamptz;
    start_at    timestamptz;
    learner     text;
    content     record;
    event       record;
    rating      record;
    offered     record;
    effect      record;
    sources     jsonb;
    half        float8;
    correlation jsonb;
BEGIN
    checked := btwin._need('period', recommendation_metrics.period IS NOT NULL)
           AND btwin._check_one_of('period', recommendation_metrics.period, '{7d,30d,90d}');
    moment := btwin._moment(recommendation_metrics.as_of);
    learner := btwin._caller(recommendation_metrics.user_id);
    until := moment + interval '1 microsecond';
    start_at := moment - CASE recommendation_metrics.period WHEN '7d' THEN interval '168 hours' WHEN '30d' THEN interval '720 hours' ELSE interval '2160 hours' END;

    SELECT count(*) AS total,
           count(*) FILTER (WHERE c.viewed_at <= moment OR c.viewed_at IS NULL AND c.status = 'VIEWED') AS viewed,
           count(*) FILTER (WHERE c.dismissed_at <= moment OR c.dismissed_at IS NULL AND c.status = 'DISMISSED') AS dismissed
    INTO content
    FROM btwin.content_recommendations_window(learner, start_at, until) AS c;
    SELECT coalesce(jsonb_agg(jsonb_build_object('type', s.source_type, 'count', s.n) ORDER BY s.n DESC, s.source_type), '[]') INTO sources
    FROM (SELECT c.source_type, count(*) AS n
          FROM btwin.content_recommendations_window(learner, start_at, until) AS c
          WHERE c.source_type IS NOT NULL
          GROUP BY c.source_type ORDER BY count(*) DESC, c.source_type LIMIT 5) AS s;
    -- a click that names its recommendation counts once for it
    SELECT count(DISTINCT e.named) FILTER (WHERE e.is_click) + count(*) FILTER (WHERE e.is_click AND e.named IS NULL) AS clicked,
           count(e.ms) AS timed, avg(e.ms) AS mean_ms, stddev_samp(e.ms) AS sd_ms,
           regr_count(e.performance, e.ms) AS pairs,
           -- what rounding leaves of durations that are alike would correlate with anything
           CASE WHEN btwin._spread(sqrt(regr_sxx(e.performance, e.ms) / regr_count(e.performance, e.ms)), regr_avgx(e.performance, e.ms)) > 0
                THEN corr(e.performance, e.ms ORDER BY e.at, e.id) END AS r
    INTO event
    FROM (SELECT w.event_type = 'RECOMMENDATION_CLICKED' AS is_click, w.event_data ->> 'recommendationId' AS named,
                 CASE WHEN btwin._json_number(w.event_data -> 'durationMs') >= 0 THEN btwin._json_number(w.event_data -> 'durationMs') END AS ms,
                 w.session_performance_score::float8 AS performance, w.timestamp AS at, w.id
          FROM btwin.behavioral_events_window(learner, start_at, until) AS w
          WHERE w.event_type IN ('RECOMMENDATION_VIEWED', 'RECOMMENDATION_CLICKED', 'RECOMMENDATION_DISMISSED', 'RECOMMENDATION_RATED')) AS e;
    SELECT count(f.rating) AS n, avg(f.rating::float8) AS mean, stddev_samp(f.rating::float8) AS sd INTO rating
    FROM btwin.recommendation_feedback_window(learner, start_at, until) AS f;
    SELECT count(*) FILTER (WHERE (r.applied_at > moment OR r.applied_at IS NULL)
                              AND (r.dismissed_at > moment OR r.dismissed_at IS NULL AND r.status <> 'DISMISSED')) AS open,
           count(*) FILTER (WHERE r.applied_at >= start_at AND r.applied_at <= moment) AS applied,
           count(*) FILTER (WHERE r.dismissed_at >= start_at AND r.dismissed_at <= moment) AS dismissed
    INTO offered
    FROM btwin.recommendations_window(learner, timestamptz '2000-01-01 00:00+00', until) AS r;
    SELECT count(*) AS evaluated, count(btwin._plain_number(a.effectiveness)) AS n,
           avg(btwin._plain_number(a.effectiveness)) AS mean, stddev_samp(btwin._plain_number(a.effectiveness)) AS sd
    INTO effect
    FROM btwin.applied_recommendations_window(learner, timestamptz '2000-01-01 00:00+00', until) AS a
    WHERE a.evaluated_at >= start_at AND a.evaluated_at <= moment;

    -- Fisher's transformation; at -1 and 1 it has no end
    event.r := event.r / greatest(1, abs(event.r)); -- rounding may take it beyond
    half := CASE WHEN abs(event.r) < 1 THEN z / sqrt(event.pairs - 3) END;
    correlation := CASE WHEN event.pairs < 10
                        THEN btwin._score(NULL, NULL, NULL, 0, event.pairs::int, 'btwin', version, moment, NULL, 'insufficient_data')
                        ELSE btwin._score(event.r, CASE WHEN half IS NOT NULL THEN tanh(atanh(event.r) - half) END, CASE WHEN half IS NOT NULL THEN tanh(atanh(event.r) + half) END,
                                          btwin._evidence_confidence(event.pairs), event.pairs::int, 'btwin', version, moment,
                                          ARRAY[format('%s events with a duration and a performance', event.pairs)], 'zero_variance') END;
    RETURN jsonb_build_object(
        'period', recommendation_metrics.period, 'start_at', start_at, 'end_at', moment,
        'content', jsonb_build_object(
            'total_recommendations', content.total, 'viewed_count', content.viewed, 'clicked_count', event.clicked, 'dismissed_count', content.dismissed,
            'ctr', btwin._share_score(least(event.clicked, content.total), content.total, version, moment,
                                      ARRAY[format('%s clicks on %s recommendations', event.clicked, content.total)]),
            'avg_rating', btwin._mean_score(rating.n, rating.mean, rating.sd, 1, 5, version, moment, ARRAY[format('%s ratings', rating.n)]),
            'avg_engagement_time_ms', btwin._mean_score(event.timed, event.mean_ms, event.sd_ms, 0, NULL, version, moment, ARRAY[format('%s events with a duration', event.timed)]),
            'top_sources', sources, 'improvement_correlation', correlation),
        'behavioral', jsonb_build_object(
            'open_count', offered.open, 'applied_count', offered.applied, 'dismissed_count', offered.dismissed, 'evaluated_count', effect.evaluated,
            'effectiveness', btwin._mean_score(effect.n, effect.mean, effect.sd, -1, 1, version, moment, ARRAY[format('%s recommendations evaluated', effect.n)])));
END
$recommendation_metrics$;
COMMENT ON FUNCTION btwin_api.recommendation_metrics(text, text, timestamptz) IS
'How recommendations to a learner fared: content that was offered, and advice on studying.
A document, worked out from rows up to as_of.
Arguments. user_id: learner, default the caller. period: 7d, 30d or 90d up to as_of; 7d. as_of: moment of the answer, default now.
Keys. period; start_at, end_at. content, about content recommended in the period: total_recommendations; viewed_count, dismissed_count: of those, by as_of; clicked_count: clicks in the period, one for each recommendation that a click names (event_data.recommendationId) and one for each click that names none; ctr: score 0 to 1, clicked_count over total_recommendations, interval after Wilson; avg_rating: score 1 to 5; avg_engagement_time_ms: score in ms, mean of event_data.durationMs of the RECOMMENDATION events; top_sources: up to 5 of {type, count}; improvement_correlation: score -1 to 1, of that duration with the performance the event reported, from 10 such events on, interval after Fisher. behavioral: open_count: neither applied nor dismissed at as_of; applied_count, dismissed_count, evaluated_count: in the period; effectiveness: score -1 to 1, mean of the evaluated ones, a decline is negative. Means have intervals after Student; none where all values are alike. Confidence of a score: n/(n + 10).
Reasons of a missing value: no_rows, insufficient_data (below 10 events), zero_variance.
Errors: PT400 missing_argument, out_of_range, not_allowed_value, user_required; PT403 no_claim, forbidden, analysis_disabled; PT404 unknown_learner.
Epic 5 domain model, 2.29 and 3.1 (3). Reads content_recommendations, recommendation_feedback, behavioral_events, recommendations, applied_recommendations.';

-- Goals

CREATE FUNCTION btwin._goal_measures(user_id text, as_of timestamptz)
RETURNS TABLE (goal_type text, value float8, reason text)
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 4
SET search_path = pg_catalog, pg_temp
AS $goal_measures$
#variable_conflict use_column
DECLARE
    learner     text := _goal_measures.user_id;
    moment      timestamptz := _goal_measures.as_of;
    zone        text := btwin._zone(learner);
    profile     record;
    hours       float8[];
    mix         float8[];
    studied     record;
BEGIN
    SELECT u.behavioral_analysis_enabled AS analysed, u.learning_style_profiling_enabled AS profiled,
           p.preferred_study_times AS times, p.personalized_forgetting_curve AS curve, p.learning_style_profile AS style
    INTO profile
    FROM btwin.users u LEFT JOIN btwin.user_learning_profiles p ON p.user_id = u.id
    WHERE u.id = learner;
    IF NOT profile.analysed THEN
        RETURN QUERY SELECT t.goal_type, NULL::float8, 'analysis_disabled'
                     FROM unnest('{STUDY_TIME_CONSISTENCY,SESSION_DURATION,CONTENT_DIVERSIFICATION,RETENTION_IMPROVEMENT}'::text[]) AS t (goal_type);
        RETURN;
    END IF;
    mix := ARRAY[btwin._json_number(profile.style -> 'visual'), btwin._json_number(profile.style -> 'auditory'),
                 btwin._json_number(profile.style -> 'reading'), btwin._json_number(profile.style -> 'kinesthetic')];
    IF jsonb_typeof(profile.times) = 'array' THEN
        -- without a statement: there are few of them
        FOR place IN 0 .. jsonb_array_length(profile.times) - 1 LOOP
            hours := array_append(hours, btwin._json_number(profile.times -> place -> 'startHour'));
        END LOOP;
        hours := array_remove(hours, NULL);
    END IF;
    -- a session counts from its start, its length from its end
    SELECT count(*) FILTER (WHERE extract(hour FROM s.started_at AT TIME ZONE zone) = ANY (hours)) AS at_peak,
           avg(s.duration_ms / 60000.0::float8) FILTER (WHERE s.duration_ms BETWEEN 0 AND 86400000 AND (s.completed_at IS NULL OR s.completed_at <= moment)) AS minutes
    INTO studied
    FROM btwin.study_sessions_window(learner, (((moment AT TIME ZONE zone)::date - 6)::timestamp AT TIME ZONE zone), moment + interval '1 microsecond') AS s;

    goal_type := 'STUDY_TIME_CONSISTENCY';
    value := CASE WHEN cardinality(hours) > 0 THEN studied.at_peak END;
    reason := CASE WHEN value IS NULL THEN 'not_measured' END;
    RETURN NEXT;
    goal_type := 'SESSION_DURATION';
    value := studied.minutes;
    reason := CASE WHEN value IS NULL THEN 'no_rows' END;
    RETURN NEXT;
    goal_type := 'CONTENT_DIVERSIFICATION';
    value := NULL;
    IF profile.profiled IS NOT FALSE AND array_position(mix, NULL) IS NULL THEN
        -- the largest is not below the mean: 1 at most
        value := greatest(0, 1 - (greatest(mix[1], mix[2], mix[3], mix[4]) - (mix[1] + mix[2] + mix[3] + mix[4]) / 4));
    END IF;
    reason := CASE WHEN NOT profile.profiled THEN 'analysis_disabled' WHEN value IS NULL THEN 'not_measured' END;
    RETURN NEXT;
    goal_type := 'RETENTION_IMPROVEMENT';
    value := coalesce(nullif(btwin._json_number(profile.curve -> 'halfLife'), 0), nullif(btwin._json_number(profile.curve -> 'stabilityFactor'), 0));
    reason := CASE WHEN value IS NULL THEN 'not_measured' END;
    RETURN NEXT;
END
$goal_measures$;
COMMENT ON FUNCTION btwin._goal_measures(text, timestamptz) IS
'Internal: what the four automatic kinds of goal stand at, one row each, as of a moment: sessions of seven local days begun in an hour in which a preferred study time starts; mean minutes of the sessions of those days; 1 - (largest - mean share) of the exposure mix; half-life in days of the profile. Without a value a reason: not_measured (the profile does not say), no_rows (no session), analysis_disabled. Epic 5 domain model, 2.30.';

-- Inlined by the planner into the statements that read it: no SET, a string body.
CREATE FUNCTION btwin._goal_rows(user_id text, as_of timestamptz, goal_id text DEFAULT NULL, status_is text DEFAULT 'ALL',
    max_rows integer DEFAULT NULL, after_deadline timestamptz DEFAULT NULL, after_id text DEFAULT NULL)
RETURNS TABLE (id text, goal_type text, title text, description text, target_metric text, unit text, start_value float8, current_value float8, target_value float8,
               direction text, progress float8, deadline timestamptz, days_left integer, is_overdue boolean, status text, projected_at timestamptz,
               projected_on_time boolean, progress_history jsonb, created_at timestamptz, completed_at timestamptz, reason text)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 10
AS $goal_rows$
WITH measured AS MATERIALIZED (SELECT m.goal_type, m.value, m.reason FROM btwin._goal_measures($1, $2) AS m)
SELECT g.id, g.goal_type, g.title, g.description, g.target_metric,
       CASE g.goal_type WHEN 'STUDY_TIME_CONSISTENCY' THEN 'sessions' WHEN 'SESSION_DURATION' THEN 'minutes'
                        WHEN 'CONTENT_DIVERSIFICATION' THEN 'score' WHEN 'RETENTION_IMPROVEMENT' THEN 'days' END,
       h.first_value, e.current_value, g.target, CASE WHEN g.target < h.first_value THEN 'DECREASE' ELSE 'INCREASE' END,
       e.progress, g.deadline, CASE WHEN isfinite(g.deadline) THEN greatest(0, floor(extract(epoch FROM g.deadline - $2) / 86400))::int END,
       g.status_then = 'ACTIVE' AND g.deadline < $2, g.status_then, e.projected_at, e.projected_at <= g.deadline,
       h.history, g.created_at, g.completed_then,
       coalesce(m.reason, CASE WHEN e.current_value IS NULL THEN 'not_measured'
                               WHEN e.progress IS NULL THEN 'no_history'
                               WHEN e.projected_at IS NULL AND g.is_open THEN CASE WHEN e.rate IS NULL THEN 'insufficient_data' ELSE 'zero_variance' END END)
FROM (SELECT w.id, w.goal_type, w.title, w.description, w.target_metric, btwin._plain_number(w.current_value) AS stored, btwin._plain_number(w.target_value) AS target,
             -- a long history is stored compressed: #> '{}' unpacks it once
             w.deadline, w.progress_history #> '{}' AS progress_history, w.created_at, w.updated_at, t.status_then, t.completed_then, t.status_then IN ('ACTIVE', 'PAUSED') AS is_open
      FROM btwin.behavioral_goals_window($1, timestamptz '2000-01-01 00:00+00', $2 + interval '1 microsecond') AS w
      CROSS JOIN LATERAL (SELECT CASE WHEN w.status = 'COMPLETED' AND w.completed_at > $2 THEN 'ACTIVE' ELSE w.status END,
                                 CASE WHEN w.completed_at <= $2 THEN w.completed_at END) AS t (status_then, completed_then)
      WHERE ($3 IS NULL OR w.id = $3)
        AND ($4 = 'ALL' OR t.status_then = $4)
        AND ($7 IS NULL OR (w.deadline, w.id) > ($6, $7))
      ORDER BY w.deadline, w.id
      LIMIT $5) AS g
-- OFFSET 0: each step is worked out once, not wherever it is used; a step within a
-- step costs less than one joined to it.
CROSS JOIN LATERAL (SELECT k.history, jsonb_array_length(k.history), btwin._json_number(k.history -> 0 -> 'value'), btwin._json_number(k.history -> -1 -> 'value'),
                           btwin._json_moment(k.history -> 0 ->> 'date'), btwin._json_moment(k.history -> -1 ->> 'date')
                    -- points come in the order of time: where the last one is not after the moment, none is
                    FROM (SELECT CASE WHEN jsonb_typeof(g.progress_history) <> 'array' THEN '[]'
                                      WHEN btwin._json_moment(g.progress_history -> -1 ->> 'date') > $2
                                      THEN (SELECT coalesce(jsonb_agg(x.point ORDER BY x.place), '[]')
                                            FROM jsonb_array_elements(g.progress_history) WITH ORDINALITY AS x (point, place)
                                            WHERE (btwin._json_moment(x.point ->> 'date') > $2) IS NOT TRUE)
                                      ELSE g.progress_history END OFFSET 0) AS k (history) OFFSET 0)
           AS h (history, points, first_value, last_value, first_at, last_at)
LEFT JOIN LATERAL (SELECT c.value, c.reason FROM measured AS c WHERE g.is_open AND c.goal_type = g.goal_type) AS m ON true
CROSS JOIN LATERAL (SELECT p.current_value, p.rate, p.progress,
                           CASE WHEN m.reason IS NOT NULL OR NOT g.is_open OR p.progress IS NULL THEN NULL
                                WHEN p.progress = 1 THEN $2
                                -- towards the target, and within a hundred years
                                WHEN sign(g.target - p.current_value) = sign(p.rate) AND abs(g.target - p.current_value) <= 36500 * abs(p.rate)
                                THEN $2 + ceil((g.target - p.current_value) / p.rate) * interval '24 hours' END
                    FROM (SELECT v.current_value, v.rate,
                                 -- greatest and least pass over what is unknown
                                 CASE WHEN v.current_value IS NULL OR h.first_value IS NULL OR g.target IS NULL THEN NULL
                                      WHEN g.target = h.first_value THEN CASE WHEN v.current_value >= g.target THEN 1 ELSE 0 END
                                      ELSE greatest(0, least(1, (v.current_value - h.first_value) / (g.target - h.first_value))) END
                          FROM (SELECT CASE WHEN m.value IS NOT NULL THEN m.value
                                            WHEN m.reason <> 'analysis_disabled' THEN NULL
                                            -- what was written last by then
                                            WHEN g.updated_at <= $2 THEN g.stored
                                            ELSE h.last_value END,
                                       CASE WHEN h.points >= 2 AND h.last_at > h.first_at
                                            THEN (h.last_value - h.first_value) / (extract(epoch FROM h.last_at - h.first_at)::float8 / 86400) END
                                OFFSET 0) AS v (current_value, rate) OFFSET 0) AS p (current_value, rate, progress) OFFSET 0)
           AS e (current_value, rate, progress, projected_at)
ORDER BY g.deadline, g.id
$goal_rows$;
COMMENT ON FUNCTION btwin._goal_rows(text, timestamptz, text, text, integer, timestamptz, text) IS
'Internal: rows of btwin_api.goals, one goal, a page of them or, where max_rows is NULL, all, as of a moment.';

CREATE FUNCTION btwin_api.goals(user_id text DEFAULT NULL, status_is text DEFAULT 'ACTIVE', goal_id text DEFAULT NULL,
    max_rows integer DEFAULT 50, after_id text DEFAULT NULL, as_of timestamptz DEFAULT NULL)
RETURNS TABLE (id text, goal_type text, title text, description text, target_metric text, unit text, start_value float8, current_value float8, target_value float8,
               direction text, progress float8, deadline timestamptz, days_left integer, is_overdue boolean, status text, projected_at timestamptz,
               projected_on_time boolean, progress_history jsonb, created_at timestamptz, completed_at timestamptz, reason text)
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 1000 ROWS 10
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan
AS $goals$
#variable_conflict use_column
DECLARE
    checked boolean;
    moment          timestamptz;
    learner         text;
    after_deadline  timestamptz;
BEGIN
    checked := btwin._need('status_is', goals.status_is IS NOT NULL)
           AND btwin._check_enum('status_is', goals.status_is, 'GoalStatus', '{ALL}')
           AND btwin._check_max_rows(goals.max_rows, 200);
    moment := btwin._moment(goals.as_of);
    learner := btwin._caller(goals.user_id, gated => false);
    -- among the learner's rows, not by the key: a row of somebody else is not read
    IF goals.goal_id IS NOT NULL AND NOT EXISTS (SELECT FROM btwin.behavioral_goals g WHERE g.user_id = learner AND g.id IS NOT DISTINCT FROM goals.goal_id) THEN
        PERFORM btwin._refuse_foreign();
    END IF;
    IF goals.after_id IS NOT NULL THEN
        SELECT g.deadline INTO after_deadline FROM btwin.behavioral_goals g WHERE g.user_id = learner AND g.id IS NOT DISTINCT FROM goals.after_id;
        IF NOT FOUND THEN
            PERFORM btwin._refuse_foreign();
        END IF;
    END IF;
    RETURN QUERY
    SELECT * FROM btwin._goal_rows(learner, moment, goals.goal_id, CASE WHEN goals.goal_id IS NULL THEN goals.status_is ELSE 'ALL' END,
                                   goals.max_rows, after_deadline, goals.after_id);
END
$goals$;
COMMENT ON FUNCTION btwin_api.goals(text, text, text, integer, text, timestamptz) IS
'Goals of a learner and how far they have come, the next deadline first.
A list, worked out at as_of; it also answers where analysis is switched off. Order: deadline, id.
Arguments. user_id: learner, default the caller. status_is: ACTIVE (default), COMPLETED, ABANDONED, PAUSED or ALL. goal_id: only this one, whatever its status. max_rows: 1 to 200; 50. after_id: continue behind this one. as_of: moment of the answer, default now; a goal reached later was still ACTIVE then.
Columns. id, goal_type, title, description, target_metric; unit: sessions (of seven local days), minutes, score, days, NULL for CUSTOM; start_value: first point of the history; current_value: of active and paused goals of the four automatic types measured at as_of (sessions of seven local days begun in an hour in which a preferred study time starts; mean minutes of the sessions of those days; 1 - (largest - mean share) of the exposure mix, 0 to 1; half-life of the profile), else as last written by then; target_value; direction: INCREASE or DECREASE, from start to target; progress: (current - start)/(target - start), 0 to 1; deadline; days_left: whole days, 0 after the deadline; is_overdue: ACTIVE past its deadline; status; projected_at: when the target is reached at the pace from the first to the last point of the history, in whole days from as_of, which may lie after the deadline; projected_on_time; progress_history: [{date, value, note}] up to as_of; created_at, completed_at.
reason: why current_value, progress or projected_at is NULL, in this order: not_measured (the profile does not say), no_rows (no session in seven days), analysis_disabled (current_value is then as last written); no_history (no first point); insufficient_data (below two points), zero_variance (no movement towards the target, or none that arrives within 36,500 days).
Errors: PT400 missing_argument, out_of_range, not_allowed_value, user_required; PT403 no_claim, forbidden; PT404 unknown_learner, unknown_id.
Epic 5 domain model, 2.30. Reads behavioral_goals, study_sessions, user_learning_profiles, users.';
