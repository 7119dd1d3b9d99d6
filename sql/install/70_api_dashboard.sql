-- The dashboard: what an application shows first, in one call. Its parts are
-- those of the functions they are named after.

CREATE FUNCTION btwin._goal_suggestions(user_id text, as_of timestamptz, pursued text[])
RETURNS TABLE (goal_type text, title text, target_metric text, current_value float8, target_value float8, confidence float8)
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 3
SET search_path = pg_catalog, pg_temp
AS $goal_suggestions$
#variable_conflict use_column
DECLARE
    learner text := _goal_suggestions.user_id;
    moment  timestamptz := _goal_suggestions.as_of;
BEGIN
    RETURN QUERY
    WITH measured AS MATERIALIZED (SELECT m.goal_type, m.value FROM btwin._goal_measures(learner, moment) AS m WHERE m.value IS NOT NULL),
    known AS MATERIALIZED (SELECT p.pattern_type, p.pattern_data, p.confidence FROM btwin._patterns_at(learner, moment) AS p WHERE p.confidence >= 0.6),
    proposed AS (
        -- the learner studies best at some hour, and is not there five times a week
        SELECT m.goal_type, 'Study at your best time on five days a week' AS title, 'peakHourSessionsPerWeek' AS target_metric, m.value, 5.0::float8 AS target,
               (SELECT max(k.confidence) FROM known k WHERE k.pattern_type = 'OPTIMAL_STUDY_TIME') AS confidence
        FROM measured m WHERE m.goal_type = 'STUDY_TIME_CONSISTENCY' AND m.value < 5
        UNION ALL
        -- sessions of another length go better: longer or shorter, by five minutes at least
        SELECT m.goal_type, format('Bring your sessions to %s minutes', round(k.minutes)), 'avgSessionDuration', m.value, k.minutes, k.confidence
        FROM measured m
        CROSS JOIN (SELECT btwin._json_number(k.pattern_data -> 'recommendedDuration') AS minutes, k.confidence
                    FROM known k WHERE k.pattern_type = 'SESSION_DURATION_PREFERENCE' ORDER BY k.confidence DESC LIMIT 1) AS k
        WHERE m.goal_type = 'SESSION_DURATION' AND abs(k.minutes - m.value) >= 5
        UNION ALL
        SELECT m.goal_type, 'Mix more kinds of content', 'varkBalanceScore', m.value, 0.7, 0.75
        FROM measured m WHERE m.goal_type = 'CONTENT_DIVERSIFICATION' AND m.value < 0.7
    )
    SELECT p.goal_type, p.title, p.target_metric, p.value, p.target, p.confidence
    FROM proposed p
    WHERE p.confidence IS NOT NULL AND p.goal_type <> ALL (_goal_suggestions.pursued)
    ORDER BY p.confidence DESC, p.goal_type;
END
$goal_suggestions$;
COMMENT ON FUNCTION btwin._goal_suggestions(text, timestamptz, text[]) IS
'Internal: goals a learner could set, 0 to 3: study at the best hour (target 5 sessions a week), sessions of the length that goes best (5 minutes from the present mean, or more, either way), a mix of content (target 0.7); each from a pattern of confidence 0.6 and more, or from the measured mix (confidence 0.75), and none of a kind that is pursued already. Epic 5 domain model, 2.30.';

CREATE FUNCTION btwin_api.behavioral_dashboard(user_id text DEFAULT NULL, as_of timestamptz DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 10000
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan
AS $behavioral_dashboard$
DECLARE
    moment      timestamptz := btwin._moment(behavioral_dashboard.as_of);
    learner     text := btwin._caller(behavioral_dashboard.user_id);
    month_ago   timestamptz := moment - interval '720 hours';
    -- rows of the moment itself count
    bound       timestamptz := moment + interval '1 microsecond';
    suggested   jsonb;
    pending     jsonb;
    goals       record;
    insights    jsonb;
    alerts      jsonb;
    unread      record;
    load        jsonb := btwin._current_load(learner, moment);
    burnout     jsonb := btwin._burnout(learner, 'btwin', moment, risk_only => true);
    focus       record;
    studied     record;
    answered    record;
    planned     record;
    counted     record;
BEGIN
    -- the rows of patterns(), once for what is shown and what is counted
    SELECT coalesce(jsonb_agg(p.document ORDER BY p.place) FILTER (WHERE p.place <= 5), '[]') AS surest, count(*) FILTER (WHERE p.place <= 5) AS n,
           avg(p.confidence) FILTER (WHERE p.place <= 5) AS mean, count(*)::int AS every
    INTO focus
    FROM (SELECT t.confidence, row_number() OVER (ORDER BY t.confidence DESC, t.last_seen_at DESC NULLS LAST, t.id) AS place, to_jsonb(d) AS document
          FROM btwin._patterns_at(learner, moment) AS t
          CROSS JOIN LATERAL (SELECT t.id, t.pattern_type, t.pattern_name, t.pattern_data, t.evidence, t.occurrence_count, t.first_detected_at, t.last_seen_at,
                                     btwin._json_number(t.pattern_data -> 'effect') AS effect, btwin._json_number(t.pattern_data -> 'effect_low') AS effect_low,
                                     btwin._json_number(t.pattern_data -> 'effect_high') AS effect_high,
                                     t.confidence, t.evidence_count, t.method, t.version, t.computed_for, t.reason) AS d
          WHERE t.confidence >= 0.7) AS p;
    pending := (SELECT coalesce(jsonb_agg(to_jsonb(r) ORDER BY r.priority_score DESC, r.created_at DESC, r.id), '[]')
                FROM btwin_api.recommendations(learner, false, 'PENDING', 5, NULL, moment) AS r);
    -- the rows of goals(), once for what is shown, counted and no longer suggested
    SELECT coalesce(jsonb_agg(to_jsonb(g) - 'place' ORDER BY g.place) FILTER (WHERE g.place <= 20), '[]') AS nearest, count(*)::int AS n,
           coalesce(array_agg(DISTINCT g.goal_type), '{}') AS pursued
    INTO goals
    FROM (SELECT r.*, row_number() OVER (ORDER BY r.deadline, r.id) AS place FROM btwin._goal_rows(learner, moment, status_is => 'ACTIVE') AS r) AS g;
    suggested := (SELECT coalesce(jsonb_agg(to_jsonb(s) ORDER BY s.confidence DESC, s.goal_type), '[]') FROM btwin._goal_suggestions(learner, moment, goals.pursued) AS s);
    insights := (SELECT coalesce(jsonb_agg(to_jsonb(i) ORDER BY i.confidence DESC, i.created_at DESC, i.id), '[]') FROM btwin_api.insights(learner, false, 5, NULL, moment) AS i);
    alerts := (SELECT coalesce(jsonb_agg(to_jsonb(a) ORDER BY a.priority DESC, a.id), '[]') FROM btwin_api.alerts(learner, 3, moment) AS a);

    -- a notification that was read later was unread then
    SELECT count(*)::int AS n, coalesce(jsonb_agg(to_jsonb(l) - 'place' ORDER BY l.place) FILTER (WHERE l.place <= 20), '[]') AS newest
    INTO unread
    FROM (SELECT n.id, n.notification_type, n.title, n.message, n.priority, n.related_entity_id, n.related_entity_type, n.created_at,
                 row_number() OVER (ORDER BY n.created_at DESC, n.id) AS place
          FROM btwin.insight_notifications_window(learner, timestamptz '2000-01-01 00:00+00', bound) AS n
          WHERE n.read_at IS NULL OR n.read_at > moment) AS l;

    SELECT count(*)::int AS n INTO studied FROM btwin.study_sessions_window(learner, month_ago, bound) AS s;
    SELECT count(*) AS n, count(*) FILTER (WHERE r.rating IN ('GOOD', 'EASY')) AS good INTO answered
    FROM btwin.reviews_window(learner, month_ago, bound) AS r;
    -- a mission may be done some days before or after its own
    SELECT count(*) AS n, avg(a.accuracy) AS mean, stddev_samp(a.accuracy) AS sd INTO planned
    FROM (SELECT 100 * greatest(0, 1 - abs(m.actual_minutes - m.estimated_minutes) / m.estimated_minutes::float8) AS accuracy
          FROM btwin.missions_window(learner, moment - interval '1440 hours', moment + interval '720 hours') AS m
          WHERE m.completed_at >= month_ago AND m.completed_at <= moment AND m.actual_minutes >= 0 AND m.estimated_minutes > 0) AS a;
    SELECT (SELECT count(*) FROM btwin.recommendations_window(learner, timestamptz '2000-01-01 00:00+00', bound) AS r
            WHERE r.status = 'PENDING' AND (r.applied_at IS NULL OR r.applied_at > moment))::int AS recommendations,
           (SELECT count(*) FROM btwin.behavioral_insights_window(learner, moment - interval '168 hours', bound))::int AS insights
    INTO counted;

    RETURN jsonb_build_object(
        'patterns', focus.surest,
        'recommendations', pending,
        'goals', goals.nearest,
        'goal_suggestions', suggested,
        'insights', insights,
        'alerts', alerts,
        'notifications', unread.newest,
        'cognitive_load', jsonb_build_object('load', load -> 'load', 'load_level', load -> 'load_level', 'trend', load -> 'trend'),
        'burnout', jsonb_build_object('risk', burnout -> 'risk', 'risk_level', burnout -> 'risk_level'),
        'metrics', jsonb_build_object(
            'consistency', btwin._score(CASE WHEN studied.n > 0 THEN round(least(100, 100.0 * studied.n / 30)) END, NULL, NULL,
                                        CASE WHEN studied.n > 0 THEN 1 ELSE 0 END, studied.n, 'btwin', 'dashboard-1', moment,
                                        CASE WHEN studied.n > 0 THEN ARRAY[format('sessions in 30 days: %s', studied.n)] END, 'no_rows'),
            'focus', btwin._score(round((100 * focus.mean)::numeric), NULL, NULL, coalesce(focus.mean, 0), focus.n::int, 'btwin', 'dashboard-1', moment,
                                  CASE WHEN focus.n > 0 THEN ARRAY[format('patterns of confidence 0.7 and more: %s', focus.n)] END, 'no_rows'),
            'retention', btwin._share_score(answered.good, answered.n, 'dashboard-1', moment,
                                            ARRAY[format('answers GOOD or EASY in 30 days: %s of %s', answered.good, answered.n)], 100),
            'efficiency', btwin._mean_score(planned.n, planned.mean, planned.sd, 0, 100, 'dashboard-1', moment,
                                            ARRAY[format('missions in 30 days with planned and actual minutes: %s', planned.n)])),
        'meta', jsonb_build_object('patterns_count', focus.every, 'recommendations_count', counted.recommendations, 'active_goals_count', goals.n,
                                   'recent_insights_count', counted.insights, 'unread_notifications_count', unread.n,
                                   'last_updated', (SELECT p.last_analyzed_at FROM btwin.user_learning_profiles p WHERE p.user_id = learner AND p.last_analyzed_at <= moment),
                                   'computed_for', moment));
END
$behavioral_dashboard$;
COMMENT ON FUNCTION btwin_api.behavioral_dashboard(text, timestamptz) IS
'What a learner''s start page shows, in one document.
Arguments. user_id: the learner, by default the caller; as_of: the moment, by default now.
Keys. patterns: up to 5 of confidence 0.7 and more; recommendations: up to 5 PENDING ones; goals: up to 20 ACTIVE ones; insights: up to 5 open ones; alerts: up to 3; each with the columns and in the order of the function of that name. goal_suggestions: 0 to 3 of {goal_type, title, target_metric, current_value, target_value, confidence 0 to 1}. notifications: the newest 20 unread of {id, notification_type, title, message, priority, related_entity_id, related_entity_type, created_at}. cognitive_load {load: score 0 to 100, load_level, trend} and burnout {risk: score 0 to 100, risk_level}, as cognitive_load_current and burnout_risk say. metrics, scores 0 to 100 over 30 days: consistency (sessions, 30 and more are 100), focus (mean confidence of the patterns listed), retention (answers GOOD or EASY, interval after Wilson), efficiency (100 (1 - |actual - planned| / planned) of the minutes of completed missions, at least 0 each, interval after Student). meta: patterns_count (confidence 0.7 and more), recommendations_count (PENDING), active_goals_count, recent_insights_count (7 days), unread_notifications_count, last_updated (last analysis of the profile), computed_for.
An empty learner has empty lists, and NULL with reason no_rows for the metrics.
Errors: PT400 out_of_range, user_required, not_attached; PT403 no_claim, forbidden, analysis_disabled; PT404 unknown_learner.
Epic 5 domain model, 3.1 (6) and 2.30. Reads what those functions read, missions and insight_notifications.';
