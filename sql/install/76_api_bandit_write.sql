-- Strategies tried and rewarded, outcomes stored, learners assigned to experiments.
--
-- Decisions and rewards of a learner are ordered by the learner's turn
-- (btwin._begin_write), not by the time their transactions began: what a decision
-- knew is what was stored in earlier turns, and can be worked out again from that.

CREATE FUNCTION btwin._turn(learner text) RETURNS timestamptz
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $turn$
BEGIN
    RETURN (SELECT w.began_at FROM btwin.learner_write AS w WHERE w.user_id = learner);
END
$turn$;
COMMENT ON FUNCTION btwin._turn(text) IS
'Internal: the turn in which this transaction writes for the learner: later than every earlier one.';

CREATE FUNCTION btwin._bandit_known(learner text, context text, moment timestamptz, turn timestamptz, OUT bandit btwin.bandit, OUT pulls jsonb)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan
AS $bandit_known$
#variable_conflict use_column
BEGIN
    SELECT btwin.rollup(a.bandit), coalesce(jsonb_object_agg(a.arm, a.pulls), '{}') INTO _bandit_known.bandit, _bandit_known.pulls
    FROM (SELECT d.arm, count(*) AS pulls, btwin.bandit_agg(d.arm, d.reward) FILTER (WHERE d.reward IS NOT NULL) AS bandit
          FROM (SELECT d.arm, CASE WHEN coalesce(d.reward_turn, d.rewarded_at) < _bandit_known.turn THEN d.reward WHEN d.reward_due_at < moment THEN d.default_reward END AS reward
                FROM btwin.decision d
                WHERE d.user_id = learner AND d.context = _bandit_known.context AND d.turn < _bandit_known.turn) AS d
          GROUP BY d.arm) AS a;
END
$bandit_known$;
COMMENT ON FUNCTION btwin._bandit_known(text, text, timestamptz, timestamptz) IS
'Internal: what was known in a turn of the strategies tried in a context: rewards stored before, default rewards of those due before the moment, and how often each arm was chosen. NULL where nothing was rewarded.';

CREATE FUNCTION btwin_api.choose_strategy(user_id text DEFAULT NULL, context text DEFAULT 'SESSION', policy text DEFAULT 'thompson', epsilon float8 DEFAULT 0.1,
    arms text[] DEFAULT NULL, sticky_hours integer DEFAULT 0, default_reward float8 DEFAULT NULL, reward_window_hours integer DEFAULT 168,
    seed integer DEFAULT NULL, idempotency_key text DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE COST 2000
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan
AS $choose_strategy$
#variable_conflict use_column
DECLARE
    policy_version CONSTANT text := 'bandit-1';
    learner     text;
    arguments   jsonb;
    answer      jsonb;
    wish        record;
    why_not     text;
    choices     text[];
    known       record;
    chosen      record;
    is_sticky   boolean := false;
    spread      float8[];
    drawn       text;
BEGIN
    PERFORM btwin._need('context', choose_strategy.context IS NOT NULL);
    PERFORM btwin._check_enum('context', choose_strategy.context, 'PersonalizationContext');
    PERFORM btwin._need('policy', choose_strategy.policy IS NOT NULL);
    PERFORM btwin._check_one_of('policy', choose_strategy.policy, '{thompson,epsilon_greedy,uniform}');
    PERFORM btwin._need('epsilon', choose_strategy.epsilon IS NOT NULL);
    PERFORM btwin._check_between('epsilon', choose_strategy.epsilon, 0, 1);
    choices := coalesce(choose_strategy.arms, '{pattern_heavy,prediction_heavy,balanced,conservative}');
    IF cardinality(choices) NOT BETWEEN 2 AND 50 OR array_ndims(choices) <> 1 THEN
        PERFORM btwin._refuse('PT400', 'out_of_range', format('argument "arms" has %s elements', cardinality(choices)), 'Needed are 2 to 50 names, one after the other.', 'arms');
    ELSIF array_position(choices, NULL) IS NOT NULL OR EXISTS (SELECT FROM unnest(choices) AS a GROUP BY a HAVING count(*) > 1 OR octet_length(a) NOT BETWEEN 1 AND 255) THEN
        PERFORM btwin._refuse('PT400', 'not_allowed_value', 'argument "arms" has a name that is missing, empty, too long or listed twice',
                              'Needed are different names of 1 to 255 bytes.', 'arms');
    END IF;
    choices := ARRAY(SELECT a.arm FROM unnest(choices) WITH ORDINALITY AS a (arm, place) ORDER BY a.place);
    PERFORM btwin._need('sticky_hours', choose_strategy.sticky_hours IS NOT NULL);
    PERFORM btwin._check_between('sticky_hours', choose_strategy.sticky_hours, 0, 8760);
    PERFORM btwin._check_between('default_reward', choose_strategy.default_reward, 0, 1);
    PERFORM btwin._need('reward_window_hours', choose_strategy.reward_window_hours IS NOT NULL);
    PERFORM btwin._check_between('reward_window_hours', choose_strategy.reward_window_hours, 1, 8760);
    PERFORM btwin._check_key(choose_strategy.idempotency_key);

    learner := btwin._caller(choose_strategy.user_id, false, true);
    IF choose_strategy.seed IS NOT NULL AND NOT btwin._is_service() THEN
        PERFORM btwin._refuse('PT403', 'service_only', 'seeds are for services', 'Leave it out: who knows the seed knows the draw.', 'seed');
    END IF;
    PERFORM btwin._begin_write(learner);
    arguments := jsonb_build_object('context', choose_strategy.context, 'policy', choose_strategy.policy, 'epsilon', choose_strategy.epsilon, 'arms', choose_strategy.arms,
                                    'sticky_hours', choose_strategy.sticky_hours, 'default_reward', choose_strategy.default_reward,
                                    'reward_window_hours', choose_strategy.reward_window_hours, 'seed', choose_strategy.seed);
    answer := btwin._replay(learner, 'choose_strategy', choose_strategy.idempotency_key, arguments);
    IF answer IS NOT NULL THEN
        RETURN answer;
    END IF;

    SELECT u.behavioral_analysis_enabled AS analysed, coalesce(p.personalization_level, 'MEDIUM') AS level,
           coalesce(CASE choose_strategy.context WHEN 'MISSION' THEN p.mission_personalization_enabled WHEN 'CONTENT' THEN p.content_personalization_enabled
                                                 WHEN 'ASSESSMENT' THEN p.assessment_personalization_enabled ELSE p.session_personalization_enabled END, true) AS wanted
    INTO wish
    FROM btwin.users u LEFT JOIN btwin.personalization_preferences p ON p.user_id = learner
    WHERE u.id = learner;
    why_not := CASE WHEN NOT wish.analysed THEN 'analysis_disabled' WHEN wish.level = 'NONE' OR NOT wish.wanted THEN 'personalization_off' END;
    IF why_not IS NOT NULL THEN
        answer := jsonb_build_object('id', NULL, 'arm', CASE WHEN 'balanced' = ANY (choices) THEN 'balanced' ELSE choices[1] END, 'propensity', 1,
                                     'policy', choose_strategy.policy, 'policy_version', policy_version, 'context', choose_strategy.context, 'arms', '[]'::jsonb, 'sticky', false,
                                     'decided_at', NULL, 'reward_due_at', NULL, 'reason', why_not);
        -- nothing at all is kept of a learner who is not analysed
        IF NOT wish.analysed THEN
            RETURN answer;
        END IF;
        RETURN btwin._remember(learner, 'choose_strategy', choose_strategy.idempotency_key, arguments, answer);
    END IF;

    IF choose_strategy.sticky_hours > 0 THEN
        SELECT d.* INTO chosen
        FROM btwin.decision d
        WHERE d.user_id = learner AND d.context = choose_strategy.context AND d.decided_at >= now() - make_interval(hours => choose_strategy.sticky_hours)
          AND d.policy = choose_strategy.policy AND d.arms @> choices AND d.arms <@ choices
        ORDER BY d.turn DESC, d.id DESC LIMIT 1;
        is_sticky := FOUND;
    END IF;
    IF NOT is_sticky THEN
        SELECT btwin._turn(learner) AS turn, now() AS decided_at, choices AS arms INTO chosen;
    END IF;
    SELECT k.bandit, k.pulls INTO known FROM btwin._bandit_known(learner, choose_strategy.context, chosen.decided_at, chosen.turn) AS k;
    known.bandit := coalesce(known.bandit, btwin.bandit_init(chosen.arms));
    IF NOT is_sticky THEN
        SELECT array_agg(p.propensity ORDER BY array_position(choices, p.arm)) INTO spread
        FROM btwin.propensities(known.bandit, choose_strategy.policy, choices, epsilon => choose_strategy.epsilon) AS p;
        SELECT s.arm INTO drawn
        FROM btwin.select_arm(known.bandit, choose_strategy.policy, choices, epsilon => choose_strategy.epsilon, seed => choose_strategy.seed) AS s;
        INSERT INTO btwin.decision (user_id, id, context, policy, policy_version, epsilon, arms, arm, propensity, propensities, seed, decided_at, turn, default_reward, reward_due_at)
        VALUES (learner, btwin._new_id(), choose_strategy.context, choose_strategy.policy, policy_version,
                CASE WHEN choose_strategy.policy = 'epsilon_greedy' THEN choose_strategy.epsilon END, choices, drawn,
                -- known to 1e-9: what was drawn was possible
                greatest(spread[array_position(choices, drawn)], 1e-9), spread,
                choose_strategy.seed, chosen.decided_at, chosen.turn, choose_strategy.default_reward, chosen.decided_at + make_interval(hours => choose_strategy.reward_window_hours))
        RETURNING * INTO chosen;
    END IF;
    answer := jsonb_build_object(
        'id', chosen.id, 'arm', chosen.arm, 'propensity', chosen.propensity, 'policy', chosen.policy, 'policy_version', chosen.policy_version, 'context', chosen.context,
        'arms', (SELECT jsonb_agg(jsonb_build_object('arm', a.arm, 'pulls', coalesce((known.pulls ->> a.arm)::int, 0),
                                                     'posterior_mean', (btwin.posterior(known.bandit, a.arm)).mean, 'propensity', a.propensity) ORDER BY a.place)
                 FROM unnest(chosen.arms, chosen.propensities) WITH ORDINALITY AS a (arm, propensity, place)),
        'sticky', is_sticky, 'decided_at', chosen.decided_at, 'reward_due_at', chosen.reward_due_at, 'reason', NULL);
    RETURN btwin._remember(learner, 'choose_strategy', choose_strategy.idempotency_key, arguments, answer);
END
$choose_strategy$;
COMMENT ON FUNCTION btwin_api.choose_strategy(text, text, text, float8, text[], integer, float8, integer, integer, text) IS
'Chooses a strategy to try with a learner, and keeps how probable the choice was.
A document. The bandit knows the rewards of all earlier decisions of the context; a default reward counts after its time until a reward is given.
Arguments. user_id: learner, default the caller. context: MISSION, CONTENT, ASSESSMENT or SESSION. policy: thompson draws each arm''s mean from its Beta posterior and takes the largest, epsilon_greedy takes the best mean but any arm with probability epsilon, uniform any arm. epsilon: 0 to 1, of epsilon_greedy only. arms: 2 to 50 different names of 1 to 255 bytes; NULL: pattern_heavy, prediction_heavy, balanced, conservative. sticky_hours: 0 to 8760; above 0 the newest decision of the same context, policy and arms (in any order) that is not older is answered again. default_reward: 0 to 1, counts where no reward was given within the window; NULL: nothing counts. reward_window_hours: 1 to 8760. seed: of the draw, for services; NULL: a new one. idempotency_key: 1 to 200 characters.
Keys. id of the decision, for record_reward; arm; propensity: above 0, to 1, that the arm is drawn; policy; policy_version; context; arms, in the order given [{arm; pulls: decisions for it before this one; posterior_mean 0 to 1: (1 + sum of rewards)/(2 + number of rewards); propensity 0 to 1}]; sticky: an earlier decision is answered; decided_at; reward_due_at; reason. Where the learner switched personalization of the context off, by level NONE or toggle (reason personalization_off), or all analysis (analysis_disabled): id, decided_at, reward_due_at NULL, arm balanced or the first, propensity 1, arms [], and no decision.
Decisions and rewards of one learner take turns; learners do not wait for each other. Never decided on a standby.
Repeated with the same key: the first answer, and no further decision. Where analysis is switched off nothing is kept, the key neither.
Errors: PT400 missing_argument, out_of_range, not_allowed_value, user_required; PT403 no_claim, forbidden, service_only; PT404 unknown_learner; PT409 key_reused; 25006 where nothing can be written.
Epic 5 domain model, 2.27. Writes btwin.decision. Reads btwin.decision, users, personalization_preferences.';

CREATE FUNCTION btwin._past(argument text, moment timestamptz) RETURNS timestamptz
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $past$
BEGIN
    PERFORM btwin._check_time(argument, moment);
    IF moment > now() + interval '5 minutes' THEN
        PERFORM btwin._refuse('PT400', 'out_of_range', format('argument "%s" lies in the future', argument), 'Leave it out to say now.', argument);
    END IF;
    RETURN least(moment, now());
END
$past$;
COMMENT ON FUNCTION btwin._past(text, timestamptz) IS
'Internal: when something happened, now for NULL and for up to 5 minutes ahead; PT400 out_of_range for more, or an infinite moment.';

CREATE FUNCTION btwin._active_config(learner text, context text) RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $active_config$
#variable_conflict use_column
BEGIN
    RETURN (SELECT c.id FROM btwin.personalization_configs AS c
            WHERE c.user_id = learner AND c.context = _active_config.context AND c.is_active AND c.deactivated_at IS NULL
            ORDER BY c.activated_at DESC, c.id DESC LIMIT 1);
END
$active_config$;
COMMENT ON FUNCTION btwin._active_config(text, text) IS
'Internal: the configuration in force in a context; the newest where an application left several; NULL: none.';

CREATE FUNCTION btwin_api.record_reward(user_id text DEFAULT NULL, decision_id text DEFAULT NULL, reward float8 DEFAULT NULL, retention_change float8 DEFAULT NULL,
    performance_change float8 DEFAULT NULL, completion float8 DEFAULT NULL, satisfaction float8 DEFAULT NULL, observed_at timestamptz DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE COST 1000
SET search_path = pg_catalog, pg_temp
AS $record_reward$
#variable_conflict use_column
DECLARE
    learner     text;
    given       float8;
    observed    timestamptz;
    decided     record;
    config      text;
    is_new      boolean;
BEGIN
    PERFORM btwin._need('decision_id', record_reward.decision_id IS NOT NULL);
    PERFORM btwin._check_between('reward', record_reward.reward, 0, 1);
    PERFORM btwin._check_between('retention_change', record_reward.retention_change, -1, 1);
    PERFORM btwin._check_between('performance_change', record_reward.performance_change, -1, 1);
    PERFORM btwin._check_between('completion', record_reward.completion, 0, 1);
    PERFORM btwin._check_between('satisfaction', record_reward.satisfaction, 1, 5);
    IF record_reward.reward IS NOT NULL THEN
        IF num_nonnulls(record_reward.retention_change, record_reward.performance_change, record_reward.completion, record_reward.satisfaction) > 0 THEN
            PERFORM btwin._refuse('PT400', 'not_allowed_value', 'argument "reward" is given beside what it is made of',
                                  'Give the reward, or retention_change, performance_change and completion.', 'reward');
        END IF;
        given := record_reward.reward;
    ELSE
        PERFORM btwin._need('reward', num_nonnulls(record_reward.retention_change, record_reward.performance_change, record_reward.completion, record_reward.satisfaction) > 0);
        PERFORM btwin._need('retention_change', record_reward.retention_change IS NOT NULL);
        PERFORM btwin._need('performance_change', record_reward.performance_change IS NOT NULL);
        PERFORM btwin._need('completion', record_reward.completion IS NOT NULL);
        given := btwin.epic5_bandit_reward(record_reward.retention_change, record_reward.performance_change, record_reward.completion, record_reward.satisfaction);
    END IF;
    observed := btwin._past('observed_at', record_reward.observed_at);

    learner := btwin._caller(record_reward.user_id, false, true);
    PERFORM btwin._begin_write(learner);
    IF (SELECT NOT u.behavioral_analysis_enabled FROM btwin.users u WHERE u.id = learner) THEN
        RETURN jsonb_build_object('id', record_reward.decision_id, 'arm', NULL, 'reward', NULL, 'reward_kind', NULL, 'late', false, 'replaced_default', false,
                                  'recorded_at', NULL, 'changed', false, 'reason', 'analysis_disabled');
    END IF;
    SELECT d.* INTO decided FROM btwin.decision d WHERE d.user_id = learner AND d.id = record_reward.decision_id FOR UPDATE;
    IF NOT FOUND THEN
        PERFORM btwin._refuse_foreign();
    END IF;
    is_new := decided.reward IS NULL;
    IF NOT is_new AND decided.reward <> given THEN
        PERFORM btwin._refuse('PT409', 'already_rewarded', 'the decision has another reward', 'A reward is given once; the same one may be given again.', 'decision_id');
    END IF;
    IF is_new THEN
        IF observed < decided.decided_at - interval '5 minutes' THEN
            PERFORM btwin._refuse('PT400', 'out_of_range', 'argument "observed_at" is before the decision', 'Leave it out to say now.', 'observed_at');
        END IF;
        observed := greatest(observed, decided.decided_at);
        UPDATE btwin.decision d
        SET reward = given, reward_kind = 'GIVEN', rewarded_at = observed, reward_turn = btwin._turn(learner), late = observed > d.reward_due_at
        WHERE d.user_id = learner AND d.id = decided.id
        RETURNING d.* INTO decided;
        -- read again under a lock: the application may write it as well
        config := btwin._active_config(learner, decided.context);
        SELECT c.id INTO config FROM btwin.personalization_configs c WHERE c.id = config AND c.user_id = learner FOR UPDATE;
        UPDATE btwin.personalization_configs c
        SET times_selected = c.times_selected + 1, total_reward = c.total_reward + given, avg_reward = (c.total_reward + given) / (c.times_selected + 1), updated_at = now()
        WHERE c.id = config AND c.user_id = learner;
    END IF;
    RETURN jsonb_build_object('id', decided.id, 'arm', decided.arm, 'reward', decided.reward, 'reward_kind', decided.reward_kind, 'late', decided.late,
                              'replaced_default', decided.late AND decided.default_reward IS NOT NULL, 'recorded_at', decided.rewarded_at, 'changed', is_new, 'reason', NULL);
END
$record_reward$;
COMMENT ON FUNCTION btwin_api.record_reward(text, text, float8, float8, float8, float8, float8, timestamptz) IS
'Books what a decision earned.
A document. The reward is given as such, or as the changes it is made of: (0.4 retention_change + 0.3 performance_change + 0.2 completion + 0.1 (satisfaction - 1)/4 + 1)/2, within 0 to 1.
Arguments. user_id: learner, default the caller. decision_id: required, from choose_strategy. reward: 0 to 1; or else retention_change and performance_change, both -1 to 1, completion 0 to 1, and, where known, satisfaction 1 to 5. observed_at: when it was seen, default now; up to 5 minutes ahead is taken as now, up to 5 minutes before the decision as its moment.
Keys. id of the decision; arm; reward 0 to 1; reward_kind: GIVEN; late: observed after reward_due_at; replaced_default: a default reward had begun to count; recorded_at: when it was observed; changed: this call stored it; reason. Where the learner switched analysis off (reason analysis_disabled) nothing is stored and changed is false, whatever the id: arm, reward, reward_kind, recorded_at NULL.
A decision is rewarded once: the same reward again is answered with changed false, another is refused. The active configuration of the context counts it: times_selected, total_reward, avg_reward.
Errors: PT400 missing_argument, out_of_range, not_allowed_value, user_required; PT403 no_claim, forbidden; PT404 unknown_learner, unknown_id; PT409 already_rewarded; 25006 where nothing can be written.
Epic 5 domain model, 2.27. Writes btwin.decision, personalization_configs.';

-- After a session

-- Steps of the analysis that follow an outcome at once: what became of predictions
-- and interventions, and goals. One that fails is left to the night: the outcome is
-- stored all the same.
CREATE FUNCTION btwin._after_outcome(learner text, moment timestamptz) RETURNS jsonb
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $after_outcome$
DECLARE
    part    record;
    counts  jsonb;
    answer  jsonb := '{}';
BEGIN
    FOR part IN SELECT s.step, s.function FROM btwin.analysis_step s WHERE s.position IN (10, 70) ORDER BY s.position LOOP
        BEGIN
            EXECUTE format('SELECT %s($1, $2)', part.function) INTO counts USING learner, moment;
        EXCEPTION WHEN OTHERS THEN
            -- lost connections, conflicts and a full disk concern the whole transaction
            IF SQLSTATE ~ '^(08|25|40|53|57|58)' THEN
                RAISE;
            END IF;
            RAISE WARNING 'step "%" after an outcome failed: %', part.step, SQLERRM USING ERRCODE = SQLSTATE;
            counts := NULL;
        END;
        answer := answer || jsonb_build_object(part.step, counts);
    END LOOP;
    RETURN answer;
END
$after_outcome$;
COMMENT ON FUNCTION btwin._after_outcome(text, timestamptz) IS
'Internal: runs the steps of btwin.analysis_step at positions 10 and 70 for a learner; {step: what it wrote}, NULL and a warning for a step that failed.';

CREATE FUNCTION btwin_api.record_outcome(user_id text DEFAULT NULL, outcome_type text DEFAULT NULL, context text DEFAULT NULL, retention_score float8 DEFAULT NULL,
    performance_score float8 DEFAULT NULL, completion_rate float8 DEFAULT NULL, engagement_score float8 DEFAULT NULL, session_minutes integer DEFAULT NULL,
    content_type text DEFAULT NULL, difficulty_level text DEFAULT NULL, config_id text DEFAULT NULL, decision_id text DEFAULT NULL,
    occurred_at timestamptz DEFAULT NULL, idempotency_key text DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE COST 5000
SET search_path = pg_catalog, pg_temp
AS $record_outcome$
#variable_conflict use_column
DECLARE
    learner     text;
    happened    timestamptz;
    arguments   jsonb;
    answer      jsonb;
    active      text;
    config      record;
    decided     record;
    stored      text := btwin._new_id();
    variant     text;
    captured    jsonb;
BEGIN
    PERFORM btwin._need('outcome_type', record_outcome.outcome_type IS NOT NULL);
    PERFORM btwin._check_enum('outcome_type', record_outcome.outcome_type, 'OutcomeType');
    PERFORM btwin._need('context', record_outcome.context IS NOT NULL);
    PERFORM btwin._check_enum('context', record_outcome.context, 'PersonalizationContext');
    PERFORM btwin._check_between('retention_score', record_outcome.retention_score, 0, 1);
    PERFORM btwin._check_between('performance_score', record_outcome.performance_score, 0, 1);
    PERFORM btwin._check_between('completion_rate', record_outcome.completion_rate, 0, 1);
    PERFORM btwin._check_between('engagement_score', record_outcome.engagement_score, 0, 1);
    IF num_nonnulls(record_outcome.retention_score, record_outcome.performance_score, record_outcome.completion_rate, record_outcome.engagement_score) = 0 THEN
        PERFORM btwin._refuse('PT400', 'missing_argument', 'no score is given', 'Give one of retention_score, performance_score, completion_rate, engagement_score.', 'performance_score');
    END IF;
    PERFORM btwin._check_between('session_minutes', record_outcome.session_minutes, 0, 1440);
    happened := btwin._past('occurred_at', record_outcome.occurred_at);
    PERFORM btwin._check_key(record_outcome.idempotency_key);

    learner := btwin._caller(record_outcome.user_id, false, true);
    PERFORM btwin._begin_write(learner);
    -- a moment has one form whatever the time zone of the connection
    arguments := jsonb_build_object('outcome_type', record_outcome.outcome_type, 'context', record_outcome.context, 'retention_score', record_outcome.retention_score,
                                    'performance_score', record_outcome.performance_score, 'completion_rate', record_outcome.completion_rate,
                                    'engagement_score', record_outcome.engagement_score, 'session_minutes', record_outcome.session_minutes,
                                    'content_type', record_outcome.content_type, 'difficulty_level', record_outcome.difficulty_level, 'config_id', record_outcome.config_id,
                                    'decision_id', record_outcome.decision_id, 'occurred_at', record_outcome.occurred_at AT TIME ZONE 'UTC');
    answer := btwin._replay(learner, 'record_outcome', record_outcome.idempotency_key, arguments);
    IF answer IS NOT NULL THEN
        RETURN answer;
    END IF;
    IF (SELECT NOT u.behavioral_analysis_enabled FROM btwin.users u WHERE u.id = learner) THEN
        RETURN jsonb_build_object('id', NULL, 'config_id', NULL, 'strategy_variant', NULL, 'personalization_applied', false, 'timestamp', NULL, 'decision_id', NULL,
                                  'captured', NULL, 'changed', false, 'reason', 'analysis_disabled');
    END IF;

    active := coalesce(record_outcome.config_id, btwin._active_config(learner, record_outcome.context));
    SELECT c.id, c.context, c.strategy_variant INTO config
    FROM btwin.personalization_configs c
    WHERE c.user_id = learner AND c.id IS NOT DISTINCT FROM active;
    IF NOT FOUND AND record_outcome.config_id IS NOT NULL THEN
        PERFORM btwin._refuse_foreign();
    END IF;
    SELECT d.id, d.context, d.arm INTO decided FROM btwin.decision d WHERE d.user_id = learner AND d.id = record_outcome.decision_id;
    IF NOT FOUND AND record_outcome.decision_id IS NOT NULL THEN
        PERFORM btwin._refuse_foreign();
    END IF;
    IF config.context <> record_outcome.context THEN
        PERFORM btwin._refuse('PT400', 'not_allowed_value', 'the configuration is one of another context', format('Its context is %s.', config.context), 'config_id');
    ELSIF decided.context <> record_outcome.context THEN
        PERFORM btwin._refuse('PT400', 'not_allowed_value', 'the decision is one of another context', format('Its context is %s.', decided.context), 'decision_id');
    END IF;
    variant := coalesce(decided.arm, config.strategy_variant);
    INSERT INTO btwin.personalization_outcomes (id, user_id, config_id, outcome_type, context, timestamp, retention_score, performance_score, completion_rate, engagement_score,
                                                session_duration, content_type, difficulty_level, personalization_applied, strategy_variant)
    VALUES (stored, learner, config.id, record_outcome.outcome_type, record_outcome.context, happened, record_outcome.retention_score, record_outcome.performance_score,
            record_outcome.completion_rate, record_outcome.engagement_score, record_outcome.session_minutes, record_outcome.content_type, record_outcome.difficulty_level,
            variant IS NOT NULL, variant);
    IF record_outcome.outcome_type <> 'CONTENT_ENGAGED' THEN
        captured := btwin._after_outcome(learner, now());
    END IF;
    RETURN btwin._remember(learner, 'record_outcome', record_outcome.idempotency_key, arguments,
                           jsonb_build_object('id', stored, 'config_id', config.id, 'strategy_variant', variant, 'personalization_applied', variant IS NOT NULL,
                                              'timestamp', happened, 'decision_id', decided.id, 'captured', captured, 'changed', true, 'reason', NULL));
END
$record_outcome$;
COMMENT ON FUNCTION btwin_api.record_outcome(text, text, text, float8, float8, float8, float8, integer, text, text, text, text, timestamptz, text) IS
'Stores how a session, a mission or an assessment ended, and brings what depends on it up to date.
A document. It books no reward: record_reward does, in the same statement or transaction.
Arguments. user_id: learner, default the caller. outcome_type: required, MISSION_COMPLETED, SESSION_COMPLETED, ASSESSMENT_COMPLETED or CONTENT_ENGAGED. context: required, MISSION, CONTENT, ASSESSMENT or SESSION. retention_score, performance_score, completion_rate, engagement_score: 0 to 1, at least one. session_minutes: 0 to 1440. content_type, difficulty_level: any text. config_id: configuration it was done under, default the active one of the context. decision_id: from choose_strategy, where a strategy was tried; its arm is the variant then. occurred_at: default now; up to 5 minutes ahead is taken as now. idempotency_key: 1 to 200 characters.
Keys. id of the outcome; config_id; strategy_variant; personalization_applied: there is a variant; timestamp: when it happened; decision_id; captured: {step: counts} of the analysis that follows at once, outcomes of predictions and interventions, and goals; NULL for CONTENT_ENGAGED, a step that failed (a warning says why) is NULL and is done by the nightly analysis; changed: it was stored; reason. Where the learner switched analysis off (reason analysis_disabled) nothing is stored: changed and personalization_applied false, the others NULL.
Repeated with the same key: the first answer, and no second outcome. Where analysis is switched off the key is not kept.
Errors: PT400 missing_argument, out_of_range, not_allowed_value (also a configuration or decision of another context), user_required; PT403 no_claim, forbidden; PT404 unknown_learner, unknown_id; PT409 key_reused; 25006 where nothing can be written.
Epic 5 domain model, 1.3, 2.18, 2.26, 2.30. Writes personalization_outcomes; the steps write struggle_predictions, intervention_recommendations, behavioral_goals, insight_notifications and achievements. Reads personalization_configs, btwin.decision, users.';

-- Experiments

CREATE FUNCTION btwin._variants(document jsonb) RETURNS TABLE (place integer, variant_id text, name text, config jsonb, weight float8, share float8)
LANGUAGE sql STABLE PARALLEL UNSAFE ROWS 2
SET search_path = pg_catalog, pg_temp
AS $variants$
WITH plain AS (SELECT btwin._unwrapped(document) AS d),
list AS (
    SELECT CASE jsonb_typeof(p.d) WHEN 'object' THEN p.d -> 'variants' ELSE p.d END AS l FROM plain AS p),
variant AS (
    SELECT v.place::int AS place, v.e ->> 'variantId' AS variant_id, v.e ->> 'name' AS name, coalesce(v.e -> 'config', '{}') AS config,
           greatest(coalesce(btwin._json_number(v.e -> 'weight'), 1), 0) AS weight
    FROM list AS l CROSS JOIN jsonb_array_elements(CASE jsonb_typeof(l.l) WHEN 'array' THEN l.l ELSE '[]' END) WITH ORDINALITY AS v (e, place)
    WHERE v.e ->> 'variantId' <> '')
SELECT v.place, v.variant_id, v.name, v.config, v.weight, v.weight / nullif(sum(v.weight) OVER (), 0) FROM variant AS v ORDER BY v.place
$variants$;
COMMENT ON FUNCTION btwin._variants(jsonb) IS
'Internal: the variants of an experiment in their order, with the share of learners each is to get (NULL where no weight is above 0).';

CREATE FUNCTION btwin._experiment_setting(document jsonb, key text) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $experiment_setting$
SELECT btwin._unwrapped(document) -> key
$experiment_setting$;
COMMENT ON FUNCTION btwin._experiment_setting(jsonb, text) IS
'Internal: what btwin.create_experiment() keeps beside the variants: maxParticipants and drawKey.';

-- The same learner, experiment and key give the same number; without the key nobody
-- can say it in advance.
CREATE FUNCTION btwin._experiment_draw(draw_key text, experiment_id text, learner text) RETURNS float8
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $experiment_draw$
SELECT ('x' || encode(substring(sha256(convert_to(jsonb_build_array(draw_key, experiment_id, learner)::text, 'UTF8')) FROM 1 FOR 6), 'hex'))::bit(48)::bigint / 281474976710656::float8
$experiment_draw$;
COMMENT ON FUNCTION btwin._experiment_draw(text, text, text) IS
'Internal: the number in [0, 1) that decides on a learner''s variant: the first 48 bits of SHA-256 over key, experiment and learner.';

CREATE FUNCTION btwin_api.assign_experiment(user_id text DEFAULT NULL, experiment_id text DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE COST 1000
SET search_path = pg_catalog, pg_temp
AS $assign_experiment$
#variable_conflict use_column
DECLARE
    learner     text;
    trial       record;
    assigned    record;
    draw        float8;
    is_new      boolean := false;
    variant     record;
BEGIN
    PERFORM btwin._need('experiment_id', assign_experiment.experiment_id IS NOT NULL);
    learner := btwin._caller(assign_experiment.user_id, true, true);
    PERFORM btwin._begin_write(learner);
    SELECT e.id, e.status, e.start_date, e.end_date, e.variants, e.current_participants INTO trial
    FROM btwin.personalization_experiments e WHERE e.id IS NOT DISTINCT FROM assign_experiment.experiment_id FOR UPDATE;
    IF NOT FOUND THEN
        PERFORM btwin._refuse_foreign();
    END IF;
    SELECT a.id, a.variant_id, a.assigned_at INTO assigned
    FROM btwin.experiment_assignments a WHERE a.experiment_id = trial.id AND a.user_id = learner;
    IF NOT FOUND THEN
        draw := btwin._experiment_draw(btwin._experiment_setting(trial.variants, 'drawKey') #>> '{}', trial.id, learner);
        SELECT v.variant_id INTO variant
        FROM (SELECT v.place, v.variant_id, v.share, sum(v.share) OVER (ORDER BY v.place) AS upto FROM btwin._variants(trial.variants) AS v) AS v
        WHERE v.share > 0
        -- rounding may leave the last sum below 1
        ORDER BY draw < v.upto DESC, CASE WHEN draw < v.upto THEN v.place ELSE -v.place END LIMIT 1;
        IF NOT FOUND OR trial.status <> 'ACTIVE' OR now() < trial.start_date OR now() >= trial.end_date THEN
            PERFORM btwin._refuse('PT409', 'not_active', 'the experiment takes nobody in now', 'It is to be ACTIVE, between its start and its end, with variants of a weight above 0.', 'experiment_id');
        ELSIF trial.current_participants >= btwin._json_number(btwin._experiment_setting(trial.variants, 'maxParticipants')) THEN
            PERFORM btwin._refuse('PT409', 'experiment_full', 'the experiment has all its participants', 'Go on without it.', 'experiment_id');
        END IF;
        is_new := true;
        INSERT INTO btwin.experiment_assignments (id, user_id, experiment_id, variant_id, assigned_at)
        VALUES (btwin._new_id(), learner, trial.id, variant.variant_id, now())
        RETURNING id, variant_id, assigned_at INTO assigned;
        UPDATE btwin.personalization_experiments e SET current_participants = e.current_participants + 1 WHERE e.id = trial.id;
    END IF;
    SELECT v.name, v.config, v.share INTO variant FROM btwin._variants(trial.variants) AS v WHERE v.variant_id = assigned.variant_id ORDER BY v.place LIMIT 1;
    RETURN jsonb_build_object('id', assigned.id, 'experiment_id', trial.id, 'variant_id', assigned.variant_id, 'variant_name', variant.name, 'config', variant.config,
                              'probability', variant.share, 'assigned_at', assigned.assigned_at, 'is_new', is_new);
END
$assign_experiment$;
COMMENT ON FUNCTION btwin_api.assign_experiment(text, text) IS
'Takes a learner into an experiment, or says which variant the learner has.
A document. The variant is drawn once, by the weights of the variants, from a hash of learner, experiment and a key that the experiment has of its own.
Arguments. user_id: learner, default the caller. experiment_id: required, an experiment the caller may see.
Keys. id of the assignment; experiment_id; variant_id; variant_name; config: what the variant is; probability 0 to 1 that it is drawn; variant_name, config, probability NULL where the experiment does not list the variant any more; assigned_at; is_new: assigned by this call.
Idempotent by experiment and learner: an assignment stays, also after the experiment has ended.
Errors: PT400 missing_argument, user_required; PT403 no_claim, forbidden, analysis_disabled; PT404 unknown_learner, unknown_id; PT409 not_active, experiment_full; 25006 where nothing can be written.
Epic 5 domain model, 2.28. Writes experiment_assignments, personalization_experiments.current_participants.';

CREATE FUNCTION btwin.create_experiment(user_id text DEFAULT NULL, experiment_name text DEFAULT NULL, context text DEFAULT NULL, variants jsonb DEFAULT NULL,
    start_at timestamptz DEFAULT NULL, end_at timestamptz DEFAULT NULL, max_participants integer DEFAULT NULL, idempotency_key text DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE COST 1000
SET search_path = pg_catalog, pg_temp
AS $create_experiment$
#variable_conflict use_column
DECLARE
    learner     text;
    arguments   jsonb;
    answer      jsonb;
    from_at     timestamptz;
    upto_at     timestamptz;
    wanted      jsonb := coalesce(create_experiment.variants, '[{"variant_id": "A", "weight": 0.5}, {"variant_id": "B", "weight": 0.5}]');
    known_keys  CONSTANT text[] := '{variant_id,name,config,weight}';
    problem     record;
    kept        jsonb;
    preferences text;
    stored      text := btwin._new_id();
BEGIN
    PERFORM btwin._need('experiment_name', create_experiment.experiment_name IS NOT NULL);
    PERFORM btwin._check_between('experiment_name', length(create_experiment.experiment_name), 1, 200);
    PERFORM btwin._need('context', create_experiment.context IS NOT NULL);
    PERFORM btwin._check_enum('context', create_experiment.context, 'PersonalizationContext');
    -- to the last key: what is stored decides on learners
    IF jsonb_typeof(wanted) <> 'array' OR jsonb_array_length(wanted) NOT BETWEEN 2 AND 10 THEN
        PERFORM btwin._refuse('PT400', 'bad_document', 'argument "variants" is no array of 2 to 10 variants', 'Needed is [{"variant_id": "A", "weight": 0.5}, {"variant_id": "B", "weight": 0.5}].', 'variants');
    END IF;
    SELECT v.place, k.what INTO problem
    FROM jsonb_array_elements(wanted) WITH ORDINALITY AS v (e, place)
    CROSS JOIN LATERAL (
        SELECT CASE
            WHEN jsonb_typeof(v.e) <> 'object' THEN 'is no object'
            WHEN v.e - known_keys <> '{}' THEN format('has an unknown key "%s"', (SELECT min(o.key COLLATE "C") FROM jsonb_object_keys(v.e - known_keys) AS o (key)))
            WHEN (jsonb_typeof(v.e -> 'variant_id') = 'string' AND length(v.e ->> 'variant_id') BETWEEN 1 AND 50) IS NOT TRUE THEN 'needs a "variant_id", a text of 1 to 50 characters'
            WHEN EXISTS (SELECT FROM jsonb_array_elements(wanted) WITH ORDINALITY AS o (e, place) WHERE o.place < v.place AND o.e ->> 'variant_id' = v.e ->> 'variant_id')
            THEN 'has the "variant_id" of another'
            WHEN v.e ? 'name' AND (jsonb_typeof(v.e -> 'name') = 'string' AND length(v.e ->> 'name') BETWEEN 1 AND 200) IS NOT TRUE THEN '"name" is no text of 1 to 200 characters'
            WHEN v.e ? 'config' AND jsonb_typeof(v.e -> 'config') <> 'object' THEN '"config" is no object'
            WHEN v.e ? 'weight' AND (btwin._json_number(v.e -> 'weight', 0, 1000) > 0) IS NOT TRUE THEN '"weight" is no number above 0, up to 1000' END) AS k (what)
    WHERE k.what IS NOT NULL
    ORDER BY v.place LIMIT 1;
    IF FOUND THEN
        PERFORM btwin._refuse('PT400', 'bad_document', format('element %s of argument "variants" %s', problem.place, problem.what),
                              'Keys are variant_id, and where wanted name, config and weight.', 'variants');
    END IF;
    PERFORM btwin._check_time('start_at', create_experiment.start_at);
    PERFORM btwin._check_time('end_at', create_experiment.end_at);
    from_at := coalesce(create_experiment.start_at, now());
    upto_at := coalesce(create_experiment.end_at, from_at + interval '336 hours');
    IF upto_at < from_at + interval '336 hours' THEN
        PERFORM btwin._refuse('PT400', 'out_of_range', 'argument "end_at" is less than 14 days after the start', 'No result is shown before 14 days.', 'end_at');
    END IF;
    PERFORM btwin._check_between('max_participants', create_experiment.max_participants, 20 * jsonb_array_length(wanted), 2147483647);
    PERFORM btwin._check_key(create_experiment.idempotency_key);

    IF to_regclass('btwin.access') IS NOT NULL AND NOT btwin._is_service() THEN
        PERFORM btwin._refuse('PT403', 'service_only', 'experiments are made by services', 'Ask in the role that btwin.secure() named for services.');
    END IF;
    learner := btwin._caller(create_experiment.user_id, false, true);
    PERFORM btwin._begin_write(learner);
    arguments := jsonb_build_object('experiment_name', create_experiment.experiment_name, 'context', create_experiment.context, 'variants', create_experiment.variants,
                                    'start_at', create_experiment.start_at AT TIME ZONE 'UTC', 'end_at', create_experiment.end_at AT TIME ZONE 'UTC',
                                    'max_participants', create_experiment.max_participants);
    answer := btwin._replay(learner, 'create_experiment', create_experiment.idempotency_key, arguments);
    IF answer IS NOT NULL THEN
        RETURN answer;
    END IF;
    SELECT p.id INTO preferences FROM btwin.personalization_preferences p WHERE p.user_id = learner;
    IF NOT FOUND THEN
        preferences := btwin._new_id();
        INSERT INTO btwin.personalization_preferences (id, user_id) VALUES (preferences, learner);
    END IF;
    SELECT jsonb_agg(jsonb_build_object('variantId', v.e -> 'variant_id', 'name', coalesce(v.e -> 'name', v.e -> 'variant_id'), 'config', coalesce(v.e -> 'config', '{}'),
                                        'weight', coalesce(v.e -> 'weight', '1')) ORDER BY v.place)
    INTO kept
    FROM jsonb_array_elements(wanted) WITH ORDINALITY AS v (e, place);
    INSERT INTO btwin.personalization_experiments (id, user_id, preferences_id, experiment_name, context, variants, start_date, end_date, created_at)
    VALUES (stored, learner, preferences, create_experiment.experiment_name, create_experiment.context,
            jsonb_build_object('variants', kept, 'maxParticipants', create_experiment.max_participants, 'drawKey', gen_random_uuid()), from_at, upto_at, now());
    SELECT jsonb_build_object(
               'id', e.id, 'experiment_name', e.experiment_name, 'context', e.context, 'status', e.status, 'start_date', e.start_date, 'end_date', e.end_date,
               'variants', (SELECT jsonb_agg(jsonb_build_object('variant_id', v.variant_id, 'name', v.name, 'config', v.config, 'probability', v.share) ORDER BY v.place)
                            FROM btwin._variants(e.variants) AS v),
               'max_participants', create_experiment.max_participants, 'created_at', e.created_at)
    INTO answer
    FROM btwin.personalization_experiments e WHERE e.id = stored;
    RETURN btwin._remember(learner, 'create_experiment', create_experiment.idempotency_key, arguments, answer);
END
$create_experiment$;
COMMENT ON FUNCTION btwin.create_experiment(text, text, text, jsonb, timestamptz, timestamptz, integer, text) IS
'Makes an experiment, which runs from start_at on. For services.
A document. Learners are taken in by btwin_api.assign_experiment(), the result is btwin_api.experiment_result().
Arguments. user_id: required, the learner in whose name the row is kept, because its table wants one: a learner of the application''s own, whose removal removes the experiment. experiment_name: required, 1 to 200 characters. context: required, MISSION, CONTENT, ASSESSMENT or SESSION; outcomes of this context count. variants: 2 to 10 [{variant_id: 1 to 50 characters; name, default the id; config: an object, default {}; weight: above 0, to 1000, default 1}]; NULL: A and B alike. start_at: default now. end_at: 14 days after start_at or later, which is the default. max_participants: at least 20 for each variant; NULL: as many as come. idempotency_key: 1 to 200 characters.
Keys. id, experiment_name, context, status: ACTIVE, start_date, end_date, variants [{variant_id, name, config, probability}], max_participants, created_at.
Repeated with the same key: the first answer, and no second experiment.
Errors: PT400 missing_argument, out_of_range, not_allowed_value, bad_document, user_required, not_attached; PT403 service_only; PT404 unknown_learner; PT409 key_reused; 25006 where nothing can be written; 42501 where btwin.secure() did not name the role.
Epic 5 domain model, 2.28. Writes personalization_experiments, personalization_preferences where there are none.';
