-- Goals: set by the learner, brought up to date by what is measured.

INSERT INTO btwin.phrase (locale, key, phrase) VALUES
    ('en', 'goal.title.STUDY_TIME_CONSISTENCY',         'Study at your best time, %s sessions a week'),
    ('en', 'goal.title.SESSION_DURATION',               'Sessions of %s minutes'),
    ('en', 'goal.title.CONTENT_DIVERSIFICATION',        'A mix of content, balanced to %s'),
    ('en', 'goal.title.RETENTION_IMPROVEMENT',          'Remember for %s days'),
    ('en', 'goal.title.CUSTOM',                         'A goal of your own: %s'),
    ('en', 'goal.description.STUDY_TIME_CONSISTENCY',   'Sessions of a week that begin in an hour in which you study best.'),
    ('en', 'goal.description.SESSION_DURATION',         'Mean length of the sessions of a week.'),
    ('en', 'goal.description.CONTENT_DIVERSIFICATION',  'How evenly what you meet is spread over images, speech, text and practice.'),
    ('en', 'goal.description.RETENTION_IMPROVEMENT',    'Days after which half of what you learned is forgotten.'),
    ('en', 'goal.description.CUSTOM',                   'You tell how far you are.'),
    ('en', 'goal.created',                              'New goal'),
    ('en', 'goal.created.message',                      '%s: from %s to %s until %s.'),
    ('en', 'goal.progress.25',                          'A quarter of the way'),
    ('en', 'goal.progress.50',                          'Half of the way'),
    ('en', 'goal.progress.75',                          'Three quarters of the way'),
    ('en', 'goal.progress.100',                         'Goal reached'),
    ('en', 'goal.progress.message',                     '%s: you are at %s, on the way to %s.'),
    ('en', 'goal.progress.100.message',                 '%s: you are at %s, the goal was %s.'),
    ('en', 'goal.achievement.STUDY_TIME_CONSISTENCY',   'Goals reached: studying at the best time'),
    ('en', 'goal.achievement.SESSION_DURATION',         'Goals reached: length of sessions'),
    ('en', 'goal.achievement.CONTENT_DIVERSIFICATION',  'Goals reached: mix of content'),
    ('en', 'goal.achievement.RETENTION_IMPROVEMENT',    'Goals reached: remembering'),
    ('en', 'goal.achievement.CUSTOM',                   'Goals reached: your own'),
    ('en', 'goal.achievement.description',              'Goals of this kind reached: %s.');

CREATE FUNCTION btwin._goal_number(value float8) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN trim_scale(round(value::numeric, 2))::text;
COMMENT ON FUNCTION btwin._goal_number(float8) IS
'Internal: a value of a goal as it stands in a text: at most two decimals.';

CREATE FUNCTION btwin._goal_progress(value float8, start float8, target float8) RETURNS float8
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN value IS NULL OR start IS NULL OR target IS NULL THEN NULL
            WHEN target = start THEN CASE WHEN value >= target THEN 1 ELSE 0 END
            ELSE greatest(0, least(1, (value - start) / (target - start))) END;
COMMENT ON FUNCTION btwin._goal_progress(float8, float8, float8) IS
'Internal: how far a value is on the way from start to target, up or down, 0 to 1. Epic 5 domain model, 2.30.';

CREATE FUNCTION btwin._goal_template(goal_type text, OUT target_metric text, OUT target_value float8, OUT days integer, OUT low float8, OUT high float8)
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $goal_template$
SELECT t.target_metric, t.target_value, t.days, t.low, t.high
FROM (VALUES ('STUDY_TIME_CONSISTENCY', 'peakHourSessionsPerWeek', 5.0::float8, 30, 0::float8, 1000::float8),
             ('SESSION_DURATION', 'avgSessionDuration', 45, 21, 0, 1440),
             ('CONTENT_DIVERSIFICATION', 'varkBalanceScore', 0.7, 45, 0, 1),
             ('RETENTION_IMPROVEMENT', 'retentionHalfLifeDays', 7, 60, 0, 36500),
             ('CUSTOM', 'custom', 100, 30, -1e12, 1e12)) AS t (goal_type, target_metric, target_value, days, low, high)
WHERE t.goal_type = _goal_template.goal_type
$goal_template$;
COMMENT ON FUNCTION btwin._goal_template(text) IS
'Internal: what a kind of goal is measured in, its usual target and days, and the values a target may have. Epic 5 domain model, 2.30.';

CREATE FUNCTION btwin._check_goal_text(argument text, value text, least_length integer, most_length integer) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $check_goal_text$
BEGIN
    IF length(value) NOT BETWEEN least_length AND most_length THEN
        PERFORM btwin._refuse('PT400', 'out_of_range', format('argument "%s" has %s characters', argument, length(value)),
                              format('Needed are %s to %s.', least_length, most_length), argument);
    END IF;
    RETURN true;
END
$check_goal_text$;
COMMENT ON FUNCTION btwin._check_goal_text(text, text, integer, integer) IS
'Internal: PT400 out_of_range for a text of fewer or more characters; NULL passes.';

-- The one place that moves goals: the nightly analysis for all, update_goal_progress
-- for one.
CREATE FUNCTION btwin._advance_goals(learner text, moment timestamptz, goal_id text DEFAULT NULL, custom_value float8 DEFAULT NULL, note text DEFAULT NULL)
RETURNS TABLE (id text, milestones integer[], completed_now boolean, achievement jsonb)
LANGUAGE plpgsql VOLATILE ROWS 5
SET search_path = pg_catalog, pg_temp
AS $advance_goals$
#variable_conflict use_column
DECLARE
    written_at  timestamptz := date_trunc('milliseconds', moment);
    zone        text;
    goal        record;
    crossed     record;
    history     jsonb;
    start       float8;
    progress    float8;
    reached     float8;
    n_completed bigint;
    earned      text;
BEGIN
    -- measuring costs more than looking
    IF NOT EXISTS (SELECT FROM btwin.behavioral_goals g
                   WHERE g.user_id = learner AND g.status = 'ACTIVE' AND (_advance_goals.goal_id IS NULL OR g.id = _advance_goals.goal_id)
                     AND (g.goal_type <> 'CUSTOM' OR custom_value IS NOT NULL)) THEN
        RETURN;
    END IF;
    zone := btwin.learner_time_zone(learner);
    FOR goal IN
        WITH measured AS MATERIALIZED (SELECT m.goal_type, m.value FROM btwin._goal_measures(learner, moment) AS m WHERE m.value IS NOT NULL)
        SELECT g.id, g.goal_type, g.title, g.current_value AS stored, btwin._plain_number(g.target_value) AS target, h.history, h.points, h.last_at, h.last_note, v.value, s.is_moved, s.is_provisional
        FROM btwin.behavioral_goals AS g
        LEFT JOIN measured AS m ON m.goal_type = g.goal_type
        CROSS JOIN LATERAL (SELECT CASE WHEN g.goal_type = 'CUSTOM' THEN custom_value ELSE m.value END) AS v (value)
        CROSS JOIN LATERAL (SELECT CASE jsonb_typeof(g.progress_history) WHEN 'array' THEN g.progress_history #> '{}' ELSE '[]' END OFFSET 0) AS k (history)
        CROSS JOIN LATERAL (SELECT k.history, jsonb_array_length(k.history), btwin._json_moment(k.history -> -1 ->> 'date'), k.history -> -1 ->> 'note' OFFSET 0)
                   AS h (history, points, last_at, last_note)
        -- a start that could not be measured is 0, and says so
        CROSS JOIN LATERAL (SELECT h.points = 1 AND h.last_note IN ('not_measured', 'no_rows', 'analysis_disabled')) AS p (is_provisional)
        CROSS JOIN LATERAL (SELECT h.points = 0 OR v.value <> g.current_value OR p.is_provisional AND g.goal_type <> 'CUSTOM'
                                   OR _advance_goals.note IS NOT NULL AND _advance_goals.note IS DISTINCT FROM h.last_note, p.is_provisional AND g.goal_type <> 'CUSTOM')
                   AS s (is_moved, is_provisional)
        WHERE g.user_id = learner AND g.status = 'ACTIVE' AND (_advance_goals.goal_id IS NULL OR g.id = _advance_goals.goal_id)
          AND v.value IS NOT NULL
          -- what was written later stays as it is
          AND (h.last_at IS NULL OR h.last_at <= moment) AND g.created_at <= moment
          AND (s.is_moved OR btwin._goal_progress(v.value, btwin._json_number(h.history -> 0 -> 'value'), btwin._plain_number(g.target_value)) = 1)
        ORDER BY g.deadline, g.id
        FOR UPDATE OF g
    LOOP
        history := goal.history;
        IF goal.is_moved THEN
            IF goal.points >= 2 AND (goal.last_at AT TIME ZONE zone)::date = (moment AT TIME ZONE zone)::date THEN
                -- one point a day, the last; the start stays
                history := (history - (-1)) || jsonb_build_array(jsonb_build_object('date', btwin._document_time(moment), 'value', goal.value, 'note', coalesce(_advance_goals.note, goal.last_note)));
            ELSIF goal.is_provisional AND sign(goal.target - goal.value) = sign(goal.target) THEN
                history := jsonb_build_array(jsonb_build_object('date', btwin._document_time(moment), 'value', goal.value, 'note', _advance_goals.note));
            ELSE
                history := history || jsonb_build_array(jsonb_build_object('date', btwin._document_time(moment), 'value', goal.value, 'note', _advance_goals.note));
            END IF;
        END IF;
        start := btwin._json_number(history -> 0 -> 'value');
        progress := btwin._goal_progress(goal.value, start, goal.target);
        id := goal.id;
        completed_now := coalesce(progress = 1, false);
        milestones := '{}';
        achievement := NULL;
        UPDATE btwin.behavioral_goals g
        SET current_value = goal.value, progress_history = history, updated_at = written_at,
            status = CASE WHEN completed_now THEN 'COMPLETED' ELSE g.status END,
            completed_at = CASE WHEN completed_now THEN written_at ELSE g.completed_at END
        WHERE g.id = goal.id AND g.user_id = learner;
        IF progress >= 0.25 THEN
            -- how far it had come before
            reached := (SELECT max(btwin._goal_progress(btwin._json_number(p -> 'value'), start, goal.target)) FROM jsonb_array_elements(goal.history) AS p);
            IF goal.points > 0 AND NOT goal.is_provisional THEN
                reached := greatest(reached, btwin._goal_progress(btwin._plain_number(goal.stored), start, goal.target));
            END IF;
            FOR crossed IN
                SELECT m.percent, m.notification_type, m.priority
                FROM (VALUES (25, 'GOAL_PROGRESS_25', 'NORMAL'), (50, 'GOAL_PROGRESS_50', 'NORMAL'), (75, 'GOAL_PROGRESS_75', 'HIGH'), (100, 'GOAL_ACHIEVED', 'HIGH'))
                     AS m (percent, notification_type, priority)
                WHERE progress >= m.percent / 100.0 AND (reached < m.percent / 100.0 OR reached IS NULL)
                  -- once, however often it goes back and forth
                  AND NOT EXISTS (SELECT FROM btwin.insight_notifications o
                                  WHERE o.user_id = learner AND o.related_entity_id = goal.id AND o.notification_type = m.notification_type)
                ORDER BY m.percent
            LOOP
                milestones := milestones || crossed.percent;
                PERFORM btwin._notify(learner, crossed.notification_type, btwin._phrase_of('goal.progress.' || crossed.percent),
                                      format(btwin._phrase_of(CASE crossed.percent WHEN 100 THEN 'goal.progress.100.message' ELSE 'goal.progress.message' END), goal.title, btwin._goal_number(goal.value), btwin._goal_number(goal.target)),
                                      crossed.priority, 'goal', goal.id, written_at);
            END LOOP;
        END IF;
        IF completed_now THEN
            SELECT count(*) INTO n_completed FROM btwin.behavioral_goals g
            WHERE g.user_id = learner AND g.goal_type = goal.goal_type AND g.status = 'COMPLETED' AND (g.completed_at <= moment OR g.completed_at IS NULL);
            earned := CASE n_completed WHEN 1 THEN 'BRONZE' WHEN 3 THEN 'SILVER' WHEN 5 THEN 'GOLD' WHEN 10 THEN 'PLATINUM' END;
            -- a goal that is deleted and set again earns nothing twice
            IF earned IS NOT NULL AND NOT EXISTS (SELECT FROM btwin.achievements a
                                                  WHERE a.user_id = learner AND a.tier = earned AND a.metadata ->> 'goalType' = goal.goal_type) THEN
                achievement := jsonb_build_object('name', btwin._phrase_of('goal.achievement.' || goal.goal_type), 'tier', earned);
                INSERT INTO btwin.achievements (id, user_id, type, name, description, tier, earned_at, metadata)
                VALUES (btwin._new_id(), learner, 'OBJECTIVES_COMPLETED', achievement ->> 'name', format(btwin._phrase_of('goal.achievement.description'), n_completed),
                        earned, written_at, jsonb_build_object('goalId', goal.id, 'goalType', goal.goal_type, 'completedGoals', n_completed));
            END IF;
        END IF;
        RETURN NEXT;
    END LOOP;
END
$advance_goals$;
COMMENT ON FUNCTION btwin._advance_goals(text, timestamptz, text, float8, text) IS
'Internal: brings the learner''s ACTIVE goals, or one of them, up to date: those of the four automatic kinds by what btwin._goal_measures() says, a CUSTOM one by the value given. One row for each goal that changed; nothing is written to the others. current_value, and one point of progress_history for each local day (the last; the first point stays; a start that could not be measured is replaced by the first value that is, unless that has reached the target); COMPLETED where the target is reached; a notification for each of 25, 50, 75 and 100 percent that is reached for the first time (milestones), once for each goal; with the first, third, fifth and tenth completed goal of a kind an achievement. Epic 5 domain model, 2.30.';

CREATE FUNCTION btwin._analyze_goals(learner text, moment timestamptz) RETURNS jsonb
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $analyze_goals$
BEGIN
    RETURN (SELECT jsonb_build_object('updated', count(*), 'completed', count(*) FILTER (WHERE a.completed_now),
                                      'milestones', coalesce(sum(cardinality(a.milestones)), 0), 'achievements', count(a.achievement))
            FROM btwin._advance_goals(learner, moment) AS a);
END
$analyze_goals$;
COMMENT ON FUNCTION btwin._analyze_goals(text, timestamptz) IS
'Internal: brings the learner''s goals up to date (btwin._advance_goals) and returns {updated, completed, milestones, achievements}.';

INSERT INTO btwin.analysis_step (position, step, function, comment) VALUES
    (70, 'goals', 'btwin._analyze_goals', 'goals, by what is measured');

CREATE FUNCTION btwin_api.create_goal(user_id text DEFAULT NULL, goal_type text DEFAULT NULL, title text DEFAULT NULL, description text DEFAULT NULL,
    target_metric text DEFAULT NULL, target_value float8 DEFAULT NULL, start_value float8 DEFAULT NULL, deadline timestamptz DEFAULT NULL, idempotency_key text DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql VOLATILE COST 5000
SET search_path = pg_catalog, pg_temp
AS $create_goal$
#variable_conflict use_column
DECLARE
    moment      timestamptz := now();
    written_at  timestamptz := date_trunc('milliseconds', moment);
    learner     text;
    arguments   jsonb := jsonb_build_object('goal_type', create_goal.goal_type, 'title', create_goal.title, 'description', create_goal.description,
                                            'target_metric', create_goal.target_metric, 'target_value', create_goal.target_value,
                                            'start_value', create_goal.start_value, 'deadline', extract(epoch FROM create_goal.deadline));
    answer      jsonb;
    template    record;
    measure     record;
    target      float8;
    start       float8;
    until       timestamptz;
    name        text;
    new_id      text;
BEGIN
    PERFORM btwin._need('goal_type', create_goal.goal_type IS NOT NULL);
    PERFORM btwin._check_enum('goal_type', create_goal.goal_type, 'BehavioralGoalType');
    PERFORM btwin._check_goal_text('title', create_goal.title, 1, 200);
    PERFORM btwin._check_goal_text('description', create_goal.description, 0, 2000);
    PERFORM btwin._check_goal_text('target_metric', create_goal.target_metric, 1, 100);
    SELECT * INTO template FROM btwin._goal_template(create_goal.goal_type);
    PERFORM btwin._check_between('target_value', create_goal.target_value, template.low, template.high);
    PERFORM btwin._check_between('start_value', create_goal.start_value, template.low, template.high);
    IF create_goal.goal_type <> 'CUSTOM' AND num_nonnulls(create_goal.target_metric, create_goal.start_value) > 0 THEN
        PERFORM btwin._refuse('PT400', 'not_allowed_value', format('argument "%s" belongs to a CUSTOM goal', n.name), 'Leave it out: goals of the other types are measured.', n.name)
        FROM (SELECT CASE WHEN create_goal.target_metric IS NOT NULL THEN 'target_metric' ELSE 'start_value' END) AS n (name);
    END IF;
    PERFORM btwin._check_time('deadline', create_goal.deadline);
    PERFORM btwin._check_key(create_goal.idempotency_key);
    learner := btwin._caller(create_goal.user_id, false, true);
    PERFORM btwin._begin_write(learner);
    answer := btwin._replay(learner, 'create_goal', create_goal.idempotency_key, arguments);
    IF answer IS NOT NULL THEN
        RETURN answer;
    END IF;

    -- what depends on the moment of the call comes after the answer to a call that is
    -- repeated later
    until := date_trunc('milliseconds', coalesce(create_goal.deadline, moment + interval '999 microseconds' + template.days * interval '24 hours'));
    IF until < written_at + interval '24 hours' THEN
        PERFORM btwin._refuse('PT400', 'INVALID_DEADLINE', 'argument "deadline" is less than a day ahead', 'Needed is a moment 1 to 90 days ahead.', 'deadline');
    ELSIF until >= written_at + interval '2184 hours' THEN
        PERFORM btwin._refuse('PT400', 'DEADLINE_TOO_FAR', 'argument "deadline" is more than 90 days ahead', 'Needed is a moment 1 to 90 days ahead.', 'deadline');
    END IF;
    SELECT m.value, m.reason INTO measure FROM btwin._goal_measures(learner, moment) AS m WHERE m.goal_type = create_goal.goal_type;
    start := CASE WHEN create_goal.goal_type = 'CUSTOM' THEN coalesce(create_goal.start_value, 0) ELSE coalesce(measure.value, 0) END;
    target := coalesce(create_goal.target_value, template.target_value);
    IF target = start THEN
        PERFORM btwin._refuse('PT400', 'INVALID_TARGET_VALUE', 'the target is where the learner is already', 'Needed is a target_value above or below the value that goals of this type start from.', 'target_value');
    ELSIF create_goal.target_value IS NULL AND target < start AND create_goal.goal_type <> 'SESSION_DURATION' THEN
        PERFORM btwin._refuse('PT400', 'INVALID_TARGET_VALUE', 'the usual target of this type is behind the learner already', 'Name a target_value.', 'target_value');
    END IF;

    new_id := btwin._new_id();
    name := coalesce(create_goal.title, format(btwin._phrase_of('goal.title.' || create_goal.goal_type), btwin._goal_number(target)));
    INSERT INTO btwin.behavioral_goals (id, user_id, goal_type, title, description, target_metric, current_value, target_value, deadline, status, progress_history, created_at, updated_at)
    VALUES (new_id, learner, create_goal.goal_type, name, coalesce(create_goal.description, btwin._phrase_of('goal.description.' || create_goal.goal_type)),
            coalesce(create_goal.target_metric, template.target_metric), start, target, until, 'ACTIVE',
            jsonb_build_array(jsonb_build_object('date', btwin._document_time(written_at), 'value', start, 'note', measure.reason)), written_at, written_at);
    PERFORM btwin._notify(learner, 'GOAL_CREATED', btwin._phrase_of('goal.created'),
                          format(btwin._phrase_of('goal.created.message'), name, btwin._goal_number(start), btwin._goal_number(target),
                                 to_char(until AT TIME ZONE btwin.learner_time_zone(learner), 'YYYY-MM-DD')),
                          'NORMAL', 'goal', new_id, written_at);
    RETURN btwin._remember(learner, 'create_goal', create_goal.idempotency_key, arguments,
                           (SELECT to_jsonb(g) FROM btwin._goal_rows(learner, moment, new_id) AS g));
END
$create_goal$;
COMMENT ON FUNCTION btwin_api.create_goal(text, text, text, text, text, float8, float8, timestamptz, text) IS
'Sets a goal for a learner.
Also where analysis is switched off.
Arguments. user_id: learner, default the caller. goal_type: STUDY_TIME_CONSISTENCY, SESSION_DURATION, CONTENT_DIVERSIFICATION, RETENTION_IMPROVEMENT (measured), CUSTOM (the learner tells); required. title: 1 to 200 characters, default a text with the target. description: up to 2000 characters, default a text. target_metric: 1 to 100 characters, CUSTOM only; custom. target_value: 0 to 1000 sessions (5), 0 to 1440 minutes (45), 0 to 1 (0.7), 0 to 36500 days (7), -1e12 to 1e12 (100), in the order of the types; above or below the start. start_value: CUSTOM only; 0. deadline: a day to less than 91 days ahead; default 30, 21, 45, 60, 30 days. idempotency_key: 1 to 200 characters.
The start of the four measured types is what is measured now (see goals). Where nothing can be measured it is 0, and the first point of the history has the reason as its note; the first value that is measured takes its place.
Keys: those of a row of goals: id, goal_type, title, description, target_metric, unit, start_value, current_value, target_value, direction, progress 0 to 1, deadline, days_left, is_overdue, status, projected_at, projected_on_time, progress_history [{date, value, note}], created_at, completed_at, reason.
Idempotent by key.
Errors: PT400 missing_argument, not_allowed_value, out_of_range, user_required, INVALID_DEADLINE (less than a day ahead), DEADLINE_TOO_FAR (91 days or more), INVALID_TARGET_VALUE (the target is the start; or the default target, which only for SESSION_DURATION may lie below the start); PT403 no_claim, forbidden; PT404 unknown_learner; PT409 key_reused; 25006 where nothing can be written.
Epic 5 domain model, 2.30. Writes behavioral_goals, insight_notifications (GOAL_CREATED); with a key btwin.api_call.';

CREATE FUNCTION btwin_api.update_goal_progress(user_id text DEFAULT NULL, goal_id text DEFAULT NULL, current_value float8 DEFAULT NULL, note text DEFAULT NULL,
    idempotency_key text DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql VOLATILE COST 5000
SET search_path = pg_catalog, pg_temp
AS $update_goal_progress$
#variable_conflict use_column
DECLARE
    moment      timestamptz := now();
    learner     text;
    arguments   jsonb := jsonb_build_object('goal_id', update_goal_progress.goal_id, 'current_value', update_goal_progress.current_value, 'note', update_goal_progress.note);
    answer      jsonb;
    goal        record;
    advanced    record;
BEGIN
    PERFORM btwin._need('goal_id', update_goal_progress.goal_id IS NOT NULL);
    PERFORM btwin._check_between('current_value', update_goal_progress.current_value, -1e12, 1e12);
    PERFORM btwin._check_goal_text('note', update_goal_progress.note, 1, 500);
    PERFORM btwin._check_key(update_goal_progress.idempotency_key);
    learner := btwin._caller(update_goal_progress.user_id, false, true);
    PERFORM btwin._begin_write(learner);
    answer := btwin._replay(learner, 'update_goal_progress', update_goal_progress.idempotency_key, arguments);
    IF answer IS NOT NULL THEN
        RETURN answer;
    END IF;
    SELECT g.goal_type, g.status, g.created_at INTO goal
    FROM btwin.behavioral_goals g WHERE g.user_id = learner AND g.id IS NOT DISTINCT FROM update_goal_progress.goal_id FOR UPDATE OF g;
    IF NOT FOUND THEN
        PERFORM btwin._refuse_foreign();
    ELSIF goal.goal_type = 'CUSTOM' THEN
        PERFORM btwin._need('current_value', update_goal_progress.current_value IS NOT NULL);
    ELSIF update_goal_progress.current_value IS NOT NULL THEN
        PERFORM btwin._refuse('PT400', 'not_allowed_value', 'argument "current_value" belongs to a CUSTOM goal', 'Leave it out: goals of the other types are measured.', 'current_value');
    END IF;
    IF goal.status <> 'ACTIVE' THEN
        PERFORM btwin._refuse('PT409', 'not_active', 'the goal is not active', 'Active ones: btwin_api.goals().');
    END IF;
    -- a clock of the application may be ahead
    moment := greatest(moment, goal.created_at);
    SELECT a.milestones, a.completed_now, a.achievement INTO advanced
    FROM btwin._advance_goals(learner, moment, update_goal_progress.goal_id, update_goal_progress.current_value, update_goal_progress.note) AS a;
    RETURN btwin._remember(learner, 'update_goal_progress', update_goal_progress.idempotency_key, arguments,
                           (SELECT to_jsonb(g) FROM btwin._goal_rows(learner, moment, update_goal_progress.goal_id) AS g)
                           || jsonb_build_object('milestones', coalesce(advanced.milestones, '{}'), 'completed_now', coalesce(advanced.completed_now, false),
                                                 'achievement', advanced.achievement));
END
$update_goal_progress$;
COMMENT ON FUNCTION btwin_api.update_goal_progress(text, text, float8, text, text) IS
'Brings a goal up to date.
Also where analysis is switched off, but then only CUSTOM goals move.
Arguments. user_id: learner, default the caller. goal_id: the goal; required. current_value: of a CUSTOM goal, -1e12 to 1e12, required there; goals of the other types are measured. note: 1 to 500 characters, kept with the point of the history. idempotency_key: 1 to 200 characters.
The history has one point for each local day, the last; the first point, the start, stays. A value that has not moved, without a new note, writes nothing.
Keys: those of a row of goals (id, goal_type, title, description, target_metric, unit, start_value, current_value, target_value, direction, progress 0 to 1, deadline, days_left, is_overdue, status, projected_at, projected_on_time, progress_history [{date, value, note}], created_at, completed_at, reason) and milestones: those of 25, 50, 75 and 100 percent that were reached for the first time now; completed_now; achievement: {name, tier} with the first (BRONZE), third (SILVER), fifth (GOLD) and tenth (PLATINUM) completed goal of the type, else null.
Idempotent by key; a goal that is reached stays COMPLETED.
Errors: PT400 missing_argument, not_allowed_value, out_of_range, user_required; PT403 no_claim, forbidden; PT404 unknown_learner, unknown_id; PT409 not_active, key_reused; 25006 where nothing can be written.
Epic 5 domain model, 2.30. Writes behavioral_goals, insight_notifications (GOAL_PROGRESS_25, GOAL_PROGRESS_50, GOAL_PROGRESS_75, GOAL_ACHIEVED), achievements; with a key btwin.api_call.';
