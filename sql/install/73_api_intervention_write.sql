-- Interventions put into practice: the mission they change, and the record of it.

INSERT INTO btwin.phrase (locale, key, phrase) VALUES
    ('en', 'intervention.adapted',                  'The mission is adapted: %s minutes instead of %s.'),
    ('en', 'intervention.recorded',                 'The intervention is under way; the mission stays as it is.'),
    ('en', 'intervention.halved_before',            'The intervention is under way; the mission was cut in half before and stays as it is.'),
    ('en', 'intervention.declined',                 'Nothing was changed.'),
    ('en', 'intervention.WORKLOAD_REDUCTION',       'Do half of the next mission.'),
    ('en', 'intervention.BREAK_SCHEDULE_ADJUST',    'Take a break of 5 minutes every 15.'),
    ('en', 'intervention.CONTENT_SIMPLIFICATION',   'Go on with simpler content.'),
    ('en', 'intervention.DIFFICULTY_REDUCTION',     'Go on with easier questions.'),
    ('en', 'intervention.MANDATORY_REST',           'Rest for three days, with light review only.'),
    ('en', 'intervention.asked_for',                'Asked for: %s.');

-- The mission an intervention goes to, locked. NULL: there is none.
CREATE FUNCTION btwin._open_mission(learner text, mission_id text, moment timestamptz, OUT id text, OUT minutes integer, OUT objectives jsonb)
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan
AS $open_mission$
#variable_conflict use_column
DECLARE
    zone    text;
    begins  timestamptz;
    state   text;
BEGIN
    IF _open_mission.mission_id IS NULL THEN
        zone := btwin._zone(learner);
        begins := btwin._day_start((moment AT TIME ZONE zone)::date, zone);
        LOOP
            SELECT m.id INTO id
            FROM btwin.missions AS m WHERE m.user_id = learner AND m.date >= begins AND m.status IN ('PENDING', 'IN_PROGRESS')
            ORDER BY m.date, m.id LIMIT 1;
            EXIT WHEN id IS NULL;
            SELECT m.estimated_minutes, m.objectives INTO minutes, objectives
            FROM btwin.missions AS m WHERE m.id = _open_mission.id AND m.user_id = learner AND m.status IN ('PENDING', 'IN_PROGRESS') FOR UPDATE OF m;
            -- over in the meantime: the next one
            EXIT WHEN FOUND;
        END LOOP;
    ELSE
        SELECT m.id, m.estimated_minutes, m.objectives, m.status INTO id, minutes, objectives, state
        FROM btwin.missions AS m WHERE m.user_id = learner AND m.id IS NOT DISTINCT FROM _open_mission.mission_id FOR UPDATE OF m;
        IF NOT FOUND THEN
            PERFORM btwin._refuse_foreign();
        ELSIF state NOT IN ('PENDING', 'IN_PROGRESS') THEN
            PERFORM btwin._refuse('PT409', 'not_open', 'the mission is over', 'Name a mission that is PENDING or IN_PROGRESS, or leave it out to take the next one.', 'mission_id');
        END IF;
    END IF;
END
$open_mission$;
COMMENT ON FUNCTION btwin._open_mission(text, text, timestamptz) IS
'Internal: the mission with this id, or without one the earliest open one from the learner''s today on, locked; NULL where there is none. Errors: that of a foreign id, PT409 not_open.';

-- What becomes of a mission. Elements of missions.objectives keep what else they hold.
CREATE FUNCTION btwin._adapt_mission(learner text, intervention_type text, objective_id text, minutes integer, objectives jsonb,
    OUT new_minutes integer, OUT new_objectives jsonb, OUT changes jsonb)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan
AS $adapt_mission$
#variable_conflict use_column
DECLARE
    added   jsonb;
    part    record;
BEGIN
    new_minutes := minutes;
    new_objectives := objectives;
    changes := '[]';
    IF jsonb_typeof(objectives) = 'array' AND intervention_type = 'PREREQUISITE_REVIEW' THEN
        SELECT jsonb_agg(jsonb_build_object(
                   'id', o.id,
                   'objective', jsonb_build_object('id', o.id, 'objective', o.objective, 'complexity', o.complexity, 'isHighYield', o.is_high_yield, 'lectureId', o.lecture_id),
                   'cardCount', (SELECT count(*) FROM btwin.cards AS c WHERE c.objective_id = o.id), 'estimatedMinutes', 15, 'completed', false)
               ORDER BY q.strength DESC, o.id) INTO added
        FROM btwin.objective_prerequisites AS q
        JOIN btwin.learning_objectives AS o ON o.id = q.prerequisite_id
        JOIN btwin.lectures AS l ON l.id = o.lecture_id AND l.user_id = learner
        WHERE q.objective_id = _adapt_mission.objective_id
          AND NOT EXISTS (SELECT FROM jsonb_array_elements(objectives) AS e (part) WHERE coalesce(e.part ->> 'id', e.part ->> 'objectiveId', e.part #>> '{objective,id}') = o.id);
        IF added IS NOT NULL THEN
            new_objectives := added || objectives;
            new_minutes := minutes + 15 * jsonb_array_length(added);
            SELECT jsonb_agg(jsonb_build_object('path', format('objectives[%s]', e.place - 1), 'old', NULL, 'new', e.part) ORDER BY e.place) INTO changes
            FROM jsonb_array_elements(added) WITH ORDINALITY AS e (part, place);
        END IF;
    ELSIF intervention_type IN ('DIFFICULTY_PROGRESSION', 'COGNITIVE_LOAD_REDUCE') THEN
        FOR part IN
            SELECT e.place - 1 AS place, n.key, n.old,
                   CASE intervention_type WHEN 'COGNITIVE_LOAD_REDUCE' THEN floor(0.5 * n.old) ELSE floor(1.25 * n.old + 0.5) END::integer AS new
            FROM jsonb_array_elements(CASE WHEN jsonb_typeof(objectives) = 'array' THEN objectives ELSE '[]' END) WITH ORDINALITY AS e (part, place)
            CROSS JOIN LATERAL (SELECT k.key, btwin._json_number(e.part -> k.key, 0, 10000) AS old
                                FROM (VALUES (CASE WHEN e.part ? 'estimatedMinutes' THEN 'estimatedMinutes' ELSE 'estimated_minutes' END)) AS k (key)) AS n
            WHERE n.old IS NOT NULL
              AND (intervention_type = 'COGNITIVE_LOAD_REDUCE'
                   OR coalesce(e.part ->> 'id', e.part ->> 'objectiveId', e.part #>> '{objective,id}') = _adapt_mission.objective_id)
            ORDER BY e.place
        LOOP
            CONTINUE WHEN part.new = part.old;
            new_objectives := jsonb_set(new_objectives, ARRAY[part.place::text, part.key], to_jsonb(part.new));
            changes := changes || jsonb_build_object('path', format('objectives[%s].%s', part.place, part.key), 'old', part.old, 'new', part.new);
            IF intervention_type = 'DIFFICULTY_PROGRESSION' THEN
                new_minutes := new_minutes + (part.new - part.old)::integer;
            END IF;
        END LOOP;
        IF intervention_type = 'COGNITIVE_LOAD_REDUCE' THEN
            -- at least 15, and never longer than it was
            new_minutes := least(minutes, greatest(15, minutes / 2));
        END IF;
    END IF;
    IF new_minutes <> minutes THEN
        changes := jsonb_build_object('path', 'estimated_minutes', 'old', minutes, 'new', new_minutes) || changes;
    END IF;
END
$adapt_mission$;
COMMENT ON FUNCTION btwin._adapt_mission(text, text, text, integer, jsonb) IS
'Internal: what an intervention makes of a mission''s minutes and objectives (Epic 5 domain model, 2.17), and the changes as [{path, old, new}]; [] for none.';

CREATE FUNCTION btwin._was_halved(learner text, mission_id text) RETURNS boolean
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $was_halved$
BEGIN
    RETURN EXISTS (SELECT FROM btwin.schedule_adaptations AS a
                   WHERE a.user_id = learner AND a.adaptation_details ->> 'mission_id' = _was_halved.mission_id
                     AND a.adaptation_details ->> 'intervention_type' = 'COGNITIVE_LOAD_REDUCE' AND a.adaptation_details -> 'changes' <> '[]');
END
$was_halved$;
COMMENT ON FUNCTION btwin._was_halved(text, text) IS
'Internal: an intervention has cut this mission in half before.';

CREATE FUNCTION btwin_api.apply_intervention(user_id text DEFAULT NULL, intervention_id text DEFAULT NULL, mission_id text DEFAULT NULL, adapt_mission boolean DEFAULT true,
                                             idempotency_key text DEFAULT NULL)
RETURNS jsonb
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER COST 2000
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan
AS $apply_intervention$
#variable_conflict use_column
DECLARE
    moment      timestamptz := now();
    learner     text;
    arguments   jsonb;
    answer      jsonb;
    proposal    record;
    mission     record;
    adapted     record;
    was_halved  boolean := false;
    changes     jsonb := '[]';
    minutes     integer;
BEGIN
    PERFORM btwin._need('intervention_id', apply_intervention.intervention_id IS NOT NULL);
    PERFORM btwin._need('adapt_mission', apply_intervention.adapt_mission IS NOT NULL);
    PERFORM btwin._check_key(apply_intervention.idempotency_key);
    learner := btwin._caller(apply_intervention.user_id, true, true);
    PERFORM btwin._begin_write(learner);
    arguments := jsonb_build_object('intervention_id', apply_intervention.intervention_id, 'mission_id', apply_intervention.mission_id, 'adapt_mission', apply_intervention.adapt_mission);
    answer := btwin._replay(learner, 'apply_intervention', apply_intervention.idempotency_key, arguments);
    IF answer IS NOT NULL THEN
        RETURN answer;
    END IF;

    SELECT r.intervention_type, r.status, r.description, r.related_objective_id AS objective_id, r.prediction_id INTO proposal
    FROM btwin.intervention_recommendations AS r WHERE r.user_id = learner AND r.id IS NOT DISTINCT FROM apply_intervention.intervention_id FOR UPDATE OF r;
    IF NOT FOUND THEN
        PERFORM btwin._refuse_foreign();
    ELSIF proposal.status <> 'PENDING' THEN
        PERFORM btwin._refuse('PT409', 'already_applied', 'the intervention is not pending any more', 'Ask for the interventions that are PENDING.');
    END IF;
    mission := btwin._open_mission(learner, apply_intervention.mission_id, moment);
    IF mission.id IS NULL THEN
        PERFORM btwin._refuse('PT409', 'no_open_mission', 'there is no open mission from today on', 'Plan a mission, or name one.');
    END IF;
    minutes := mission.minutes;

    IF apply_intervention.adapt_mission THEN
        was_halved := proposal.intervention_type = 'COGNITIVE_LOAD_REDUCE' AND btwin._was_halved(learner, mission.id);
        IF NOT was_halved THEN
            adapted := btwin._adapt_mission(learner, proposal.intervention_type,
                                            coalesce(proposal.objective_id, (SELECT p.learning_objective_id FROM btwin.struggle_predictions AS p WHERE p.id = proposal.prediction_id AND p.user_id = learner)),
                                            mission.minutes, mission.objectives);
            changes := adapted.changes;
        END IF;
    END IF;
    IF changes <> '[]' THEN
        minutes := adapted.new_minutes;
        UPDATE btwin.missions AS m SET estimated_minutes = adapted.new_minutes, objectives = adapted.new_objectives WHERE m.id = mission.id AND m.user_id = learner;
        INSERT INTO btwin.schedule_adaptations (id, user_id, adaptation_type, adaptation_details, applied_at)
        VALUES (btwin._new_id(), learner,
                CASE proposal.intervention_type WHEN 'PREREQUISITE_REVIEW' THEN 'CONTENT_SELECTION' WHEN 'DIFFICULTY_PROGRESSION' THEN 'DIFFICULTY' ELSE 'DURATION_CHANGE' END,
                jsonb_build_object('reason', proposal.description, 'changes', changes, 'mission_id', mission.id, 'intervention_id', apply_intervention.intervention_id,
                                   'intervention_type', proposal.intervention_type), moment);
    END IF;
    UPDATE btwin.intervention_recommendations AS r SET status = 'IN_PROGRESS', applied_at = moment, applied_to_mission_id = mission.id
    WHERE r.id = apply_intervention.intervention_id AND r.user_id = learner;
    -- the first one applied is the one that an outcome is held against
    UPDATE btwin.struggle_predictions AS p SET intervention_applied = true, intervention_id = apply_intervention.intervention_id
    WHERE p.id = proposal.prediction_id AND p.user_id = learner AND NOT (p.intervention_applied AND p.intervention_id IS NOT NULL);

    answer := jsonb_build_object(
        'id', apply_intervention.intervention_id, 'status', 'IN_PROGRESS', 'applied_at', moment, 'mission_id', mission.id, 'mission_adapted', changes <> '[]', 'changes', changes,
        'estimated_minutes_before', mission.minutes, 'estimated_minutes_after', minutes,
        'message', CASE WHEN changes <> '[]' THEN format(btwin._phrase_of('intervention.adapted'), minutes, mission.minutes)
                        WHEN was_halved THEN btwin._phrase_of('intervention.halved_before') ELSE btwin._phrase_of('intervention.recorded') END);
    RETURN btwin._remember(learner, 'apply_intervention', apply_intervention.idempotency_key, arguments, answer);
END
$apply_intervention$;
COMMENT ON FUNCTION btwin_api.apply_intervention(text, text, text, boolean, text) IS
'Put a proposed intervention into practice

Arguments: user_id: the learner, by default the caller. intervention_id: required, one that is PENDING. mission_id: the mission it goes to, PENDING or IN_PROGRESS; by default the earliest from the learner''s today on, by date and id. adapt_mission: change the mission, by default true. idempotency_key: 1 to 200 characters.

Keys: id. status: IN_PROGRESS. applied_at. mission_id. mission_adapted: the mission was changed. changes: [{path, old, new}], of the mission. estimated_minutes_before, estimated_minutes_after: of the mission. message.

PREREQUISITE_REVIEW puts each prerequisite of the objective that is not in the mission yet before the others, 15 minutes each, which the mission gets longer. DIFFICULTY_PROGRESSION gives the objective a quarter more minutes, rounded, and the mission as many more. COGNITIVE_LOAD_REDUCE cuts the minutes of the mission and of its objectives in half, rounded down, the mission at least 15 and never longer than it was; a mission is cut once. Other types are recorded only.

Writes intervention_recommendations; where the mission changes, missions and schedule_adaptations; for the first intervention of a prediction struggle_predictions. A call with the same key and arguments gets the first answer and writes nothing. Of two calls at once one wins.

Errors: PT400 missing_argument, out_of_range; PT403 forbidden, no_claim, analysis_disabled; PT404 unknown_learner, unknown_id; PT409 already_applied (it is not PENDING), not_open (the mission is over), no_open_mission, key_reused; 25006 where nothing can be written.

Rule: Epic 5 domain model, 2.17.';

CREATE FUNCTION btwin_api.apply_intervention_type(user_id text DEFAULT NULL, intervention_type text DEFAULT NULL, accepted boolean DEFAULT true, session_id text DEFAULT NULL,
                                                  mission_id text DEFAULT NULL, metadata jsonb DEFAULT NULL, idempotency_key text DEFAULT NULL)
RETURNS jsonb
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER COST 2000
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan
AS $apply_intervention_type$
#variable_conflict use_column
DECLARE
    moment      timestamptz := now();
    learner     text;
    arguments   jsonb;
    answer      jsonb;
    kind        record;
    mission     record;
    adapted     record;
    was_halved  boolean := false;
    changes     jsonb := '[]';
    minutes     integer;
    plan        jsonb := '{"breaks_every_minutes": null, "break_minutes": null, "rest_days": null, "max_complexity": null, "scaffolding": null, "review_ratio": null,
                           "difficulty_change": null, "urgency": null}';
    load        float8;
    new_id      text;
    fault       text;
BEGIN
    PERFORM btwin._need('intervention_type', apply_intervention_type.intervention_type IS NOT NULL);
    PERFORM btwin._check_one_of('intervention_type', apply_intervention_type.intervention_type,
                                '{WORKLOAD_REDUCTION,BREAK_SCHEDULE_ADJUST,CONTENT_SIMPLIFICATION,DIFFICULTY_REDUCTION,MANDATORY_REST}');
    PERFORM btwin._need('accepted', apply_intervention_type.accepted IS NOT NULL);
    IF apply_intervention_type.metadata IS NOT NULL THEN
        IF jsonb_typeof(apply_intervention_type.metadata) <> 'object' THEN
            fault := format('is no object, but of type %s', jsonb_typeof(apply_intervention_type.metadata));
        ELSE
            SELECT CASE WHEN e.key NOT IN ('load', 'error_rate') THEN 'has a key that is not known'
                        ELSE format('has no number from 0 to %s under "%s"', CASE e.key WHEN 'load' THEN 100 ELSE 1 END, e.key) END INTO fault
            FROM jsonb_each(apply_intervention_type.metadata) AS e
            WHERE e.key NOT IN ('load', 'error_rate') OR btwin._json_number(e.value, 0, CASE e.key WHEN 'load' THEN 100 ELSE 1 END) IS NULL
            ORDER BY e.key COLLATE "C" LIMIT 1;
        END IF;
        IF fault IS NOT NULL THEN
            PERFORM btwin._refuse('PT400', 'bad_document', format('argument "metadata" %s', fault), 'Needed is an object with load (0 to 100), error_rate (0 to 1), both or neither.', 'metadata');
        END IF;
    END IF;
    PERFORM btwin._check_key(apply_intervention_type.idempotency_key);
    learner := btwin._caller(apply_intervention_type.user_id, true, true);
    PERFORM btwin._begin_write(learner);
    arguments := jsonb_build_object('intervention_type', apply_intervention_type.intervention_type, 'accepted', apply_intervention_type.accepted, 'session_id', apply_intervention_type.session_id,
                                    'mission_id', apply_intervention_type.mission_id, 'metadata', apply_intervention_type.metadata);
    answer := btwin._replay(learner, 'apply_intervention_type', apply_intervention_type.idempotency_key, arguments);
    IF answer IS NOT NULL THEN
        RETURN answer;
    END IF;

    IF apply_intervention_type.session_id IS NOT NULL THEN
        PERFORM FROM btwin.study_sessions AS s WHERE s.user_id = learner AND s.id IS NOT DISTINCT FROM apply_intervention_type.session_id;
        IF NOT FOUND THEN
            PERFORM btwin._refuse_foreign();
        END IF;
    END IF;
    IF apply_intervention_type.mission_id IS NOT NULL OR apply_intervention_type.accepted AND apply_intervention_type.intervention_type = 'WORKLOAD_REDUCTION' THEN
        mission := btwin._open_mission(learner, apply_intervention_type.mission_id, moment);
        IF mission.id IS NULL THEN
            PERFORM btwin._refuse('PT409', 'no_open_mission', 'there is no open mission from today on', 'Plan a mission, or name one.');
        END IF;
    ELSE
        SELECT NULL::text AS id, NULL::integer AS minutes, NULL::jsonb AS objectives INTO mission;
    END IF;

    CASE apply_intervention_type.intervention_type
        WHEN 'BREAK_SCHEDULE_ADJUST' THEN
            plan := plan || '{"breaks_every_minutes": 15, "break_minutes": 5}';
        WHEN 'MANDATORY_REST' THEN
            plan := plan || '{"rest_days": 3}';
        WHEN 'CONTENT_SIMPLIFICATION', 'DIFFICULTY_REDUCTION' THEN
            load := coalesce(btwin._json_number(apply_intervention_type.metadata -> 'load'), (btwin._current_load(learner, moment) ->> 'load_score')::float8, 70);
            SELECT plan || jsonb_build_object('breaks_every_minutes', a.break_every_minutes, 'break_minutes', a.break_minutes, 'max_complexity', a.max_complexity, 'scaffolding', a.scaffolding,
                                              'review_ratio', a.review_ratio, 'difficulty_change', a.difficulty_change, 'urgency', a.urgency) INTO plan
            FROM btwin.epic5_difficulty_adapter(load, coalesce(btwin._json_number(apply_intervention_type.metadata -> 'error_rate'), 0)) AS a;
        ELSE
            NULL;
    END CASE;
    IF NOT apply_intervention_type.accepted THEN
        answer := jsonb_build_object('applied', false, 'id', NULL, 'intervention_type', apply_intervention_type.intervention_type, 'mission_id', mission.id, 'changes', changes, 'plan', plan,
                                     'message', btwin._phrase_of('intervention.declined'));
        RETURN btwin._remember(learner, 'apply_intervention_type', apply_intervention_type.idempotency_key, arguments, answer);
    END IF;

    SELECT t.* INTO kind
    FROM (VALUES ('WORKLOAD_REDUCTION', 'COGNITIVE_LOAD_REDUCE', 'DURATION_CHANGE', 8), ('BREAK_SCHEDULE_ADJUST', 'BREAK_SCHEDULE_ADJUST', 'BREAK_SCHEDULING', 5),
                 ('CONTENT_SIMPLIFICATION', 'CONTENT_VARIATION', 'CONTENT_SELECTION', 7), ('DIFFICULTY_REDUCTION', 'DIFFICULTY_PROGRESSION', 'DIFFICULTY', 8),
                 ('MANDATORY_REST', 'BREAK_RECOMMENDATION', 'FREQUENCY_CHANGE', 9)) AS t (asked, stored, adaptation, priority)
    WHERE t.asked = apply_intervention_type.intervention_type;
    new_id := btwin._new_id();
    IF kind.asked = 'WORKLOAD_REDUCTION' THEN
        was_halved := btwin._was_halved(learner, mission.id);
        IF NOT was_halved THEN
            adapted := btwin._adapt_mission(learner, 'COGNITIVE_LOAD_REDUCE', NULL, mission.minutes, mission.objectives);
            changes := adapted.changes;
            minutes := adapted.new_minutes;
            IF changes <> '[]' THEN
                UPDATE btwin.missions AS m SET estimated_minutes = adapted.new_minutes, objectives = adapted.new_objectives WHERE m.id = mission.id AND m.user_id = learner;
            END IF;
        END IF;
    END IF;
    INSERT INTO btwin.intervention_recommendations (id, user_id, intervention_type, description, reasoning, priority, status, applied_to_mission_id, applied_at, created_at)
    VALUES (new_id, learner, kind.stored, btwin._phrase_of('intervention.' || kind.asked), format(btwin._phrase_of('intervention.asked_for'), kind.asked), kind.priority,
            'IN_PROGRESS', mission.id, moment, moment);
    INSERT INTO btwin.schedule_adaptations (id, user_id, adaptation_type, adaptation_details, applied_at)
    VALUES (btwin._new_id(), learner, kind.adaptation,
            jsonb_build_object('reason', btwin._phrase_of('intervention.' || kind.asked), 'changes', changes, 'plan', plan, 'mission_id', mission.id, 'session_id', apply_intervention_type.session_id,
                               'intervention_id', new_id, 'intervention_type', kind.stored), moment);
    UPDATE btwin.burnout_risk_assessments AS b SET intervention_applied = true, intervention_id = new_id
    WHERE b.user_id = learner AND b.id = (SELECT a.id FROM btwin.burnout_risk_assessments AS a
                                          WHERE a.user_id = learner AND a.assessment_date <= moment ORDER BY a.assessment_date DESC, a.id DESC LIMIT 1)
      AND NOT (b.intervention_applied AND b.intervention_id IS NOT NULL);

    answer := jsonb_build_object(
        'applied', true, 'id', new_id, 'intervention_type', apply_intervention_type.intervention_type, 'mission_id', mission.id, 'changes', changes, 'plan', plan,
        'message', CASE WHEN was_halved THEN btwin._phrase_of('intervention.halved_before')
                        WHEN changes <> '[]' THEN format(btwin._phrase_of('intervention.adapted'), minutes, mission.minutes)
                        ELSE btwin._phrase_of('intervention.' || kind.asked) END);
    RETURN btwin._remember(learner, 'apply_intervention_type', apply_intervention_type.idempotency_key, arguments, answer);
END
$apply_intervention_type$;
COMMENT ON FUNCTION btwin_api.apply_intervention_type(text, text, boolean, text, text, jsonb, text) IS
'Answer an offer of less work, breaks, simpler content or rest

Arguments: user_id: the learner, by default the caller. intervention_type: WORKLOAD_REDUCTION, BREAK_SCHEDULE_ADJUST, CONTENT_SIMPLIFICATION, DIFFICULTY_REDUCTION or MANDATORY_REST; required. accepted: by default true; false changes nothing. session_id: the session it was offered in. mission_id: the mission it goes to, PENDING or IN_PROGRESS; WORKLOAD_REDUCTION takes the earliest from the learner''s today on where none is given, the others none. metadata: {load: 0 to 100, error_rate: 0 to 1}, both may be left out. idempotency_key: 1 to 200 characters.

Keys: applied. id: the intervention, null where nothing was applied. intervention_type: as asked for. mission_id. changes: [{path, old, new}], of the mission. plan: {breaks_every_minutes, break_minutes, rest_days, max_complexity (BASIC, INTERMEDIATE, ADVANCED), scaffolding (NONE, MINIMAL, MODERATE, EXTENSIVE), review_ratio 0 to 1, difficulty_change -2 to 1 levels, urgency (LOW, MEDIUM, HIGH, CRITICAL)}, null where the type says nothing of it. message.

WORKLOAD_REDUCTION cuts the mission in half as COGNITIVE_LOAD_REDUCE of btwin_api.apply_intervention does, once. BREAK_SCHEDULE_ADJUST: 5 minutes every 15. CONTENT_SIMPLIFICATION and DIFFICULTY_REDUCTION: the plan for a load, that of metadata, else the current one, else 70, and error_rate, by default 0. MANDATORY_REST: 3 days.

Writes, where accepted, intervention_recommendations (IN_PROGRESS, as COGNITIVE_LOAD_REDUCE, BREAK_SCHEDULE_ADJUST, CONTENT_VARIATION, DIFFICULTY_PROGRESSION, BREAK_RECOMMENDATION, the asked type in reasoning), schedule_adaptations, missions (WORKLOAD_REDUCTION), the newest of burnout_risk_assessments unless an intervention is recorded with it. A call with the same key and arguments gets the first answer and writes nothing.

Errors: PT400 missing_argument, not_allowed_value, bad_document, out_of_range; PT403 forbidden, no_claim, analysis_disabled; PT404 unknown_learner, unknown_id; PT409 no_open_mission (WORKLOAD_REDUCTION), not_open, key_reused; 25006 where nothing can be written.

Rules: Epic 5 domain model, 2.23 and the route analytics/interventions/apply.';
