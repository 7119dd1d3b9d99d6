-- What a learner wants personalized, and putting a configuration in force.

INSERT INTO btwin.phrase (locale, key, phrase) VALUES
    ('en', 'config.applied', 'Put in force'),
    ('en', 'config.changed', 'Worked out anew'),
    ('en', 'config.strategy', 'Strategy %s in place of %s'),
    ('en', 'config.removed.preferences', 'Taken out of force: the learner switched it off'),
    ('en', 'config.removed.replaced', 'Taken out of force: another one of the same context stays');

CREATE FUNCTION btwin._personalized_contexts(user_id text) RETURNS text[]
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $personalized_contexts$
BEGIN
    RETURN ARRAY(SELECT w.context
                 FROM (SELECT) AS one
                 LEFT JOIN btwin.personalization_preferences p ON p.user_id = _personalized_contexts.user_id
                 CROSS JOIN LATERAL (VALUES ('MISSION', p.mission_personalization_enabled), ('CONTENT', p.content_personalization_enabled),
                                            ('ASSESSMENT', p.assessment_personalization_enabled), ('SESSION', p.session_personalization_enabled)) AS w (context, is_wanted)
                 WHERE coalesce(w.is_wanted, true) AND coalesce(p.personalization_level, 'MEDIUM') <> 'NONE'
                   AND w.context <> ALL (ARRAY(SELECT upper(f) FROM unnest(p.disabled_features) AS f)));
END
$personalized_contexts$;
COMMENT ON FUNCTION btwin._personalized_contexts(text) IS
'Internal: the contexts that a learner has not switched off, by level, toggle or feature; without preferences all four.';

CREATE FUNCTION btwin._remove_configs(learner text, contexts text[], except_id text, phrase_key text, moment timestamptz) RETURNS integer
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $remove_configs$
#variable_conflict use_column
DECLARE
    stored_at   timestamptz := date_trunc('milliseconds', moment);
    -- what others ended since this transaction began has ended
    latest      timestamptz := greatest(moment, clock_timestamp());
    removed     integer;
BEGIN
    -- as the application leaves them, should it be writing just now
    PERFORM FROM btwin.personalization_configs c
    WHERE c.user_id = learner AND (c.is_active AND c.deactivated_at IS NULL OR c.deactivated_at > latest)
      AND c.context = ANY (contexts) AND c.id IS DISTINCT FROM except_id FOR UPDATE;
    IF NOT FOUND THEN
        RETURN 0;
    END IF;
    WITH gone AS (
        UPDATE btwin.personalization_configs c SET is_active = false, deactivated_at = stored_at, updated_at = stored_at
        WHERE c.user_id = learner AND (c.is_active AND c.deactivated_at IS NULL OR c.deactivated_at > latest)
          AND c.context = ANY (contexts) AND c.id IS DISTINCT FROM except_id
        RETURNING c.id, c.context, c.strategy_variant, c.effectiveness_score
    )
    INSERT INTO btwin.config_history (user_id, config_id, event_type, number, occurred_at, context, strategy_variant, previous_value, new_value, description)
    SELECT learner, g.id, 'REMOVED', 1 + coalesce((SELECT max(h.number) FROM btwin.config_history h WHERE h.user_id = learner AND h.config_id = g.id AND h.event_type = 'REMOVED'), 0),
           stored_at, g.context, g.strategy_variant, CASE WHEN g.effectiveness_score BETWEEN 0 AND 100 THEN g.effectiveness_score END, NULL, btwin._phrase_of(phrase_key)
    FROM gone AS g;
    GET DIAGNOSTICS removed = ROW_COUNT;
    RETURN removed;
END
$remove_configs$;
COMMENT ON FUNCTION btwin._remove_configs(text, text[], text, text, timestamptz) IS
'Internal: takes the learner''s configurations of some contexts out of force, all but one of them, with an entry in btwin.config_history for each; how many.';

CREATE FUNCTION btwin._put_config(learner text, config_context text, variant text, parameters jsonb, confidence float8, moment timestamptz,
    OUT id text, OUT strategy_variant text, OUT activated_at timestamptz, OUT is_new boolean, OUT changed boolean)
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $put_config$
#variable_conflict use_column
DECLARE
    stored_at   timestamptz := date_trunc('milliseconds', moment);
    latest      timestamptz := greatest(moment, clock_timestamp());
    standing    record;
    preferences text;
    documents   jsonb[] := ARRAY[CASE WHEN config_context = 'MISSION' THEN parameters END, CASE WHEN config_context = 'CONTENT' THEN parameters END,
                                 CASE WHEN config_context = 'ASSESSMENT' THEN parameters END, CASE WHEN config_context = 'SESSION' THEN parameters END];
    score       float8;
    happened    text;
BEGIN
    SELECT c.* INTO standing FROM btwin.personalization_configs c
    WHERE c.user_id = learner AND c.context = config_context AND (c.is_active AND c.deactivated_at IS NULL OR c.deactivated_at > latest)
    ORDER BY c.activated_at DESC, c.id DESC LIMIT 1 FOR UPDATE;
    is_new := NOT FOUND AND variant IS NOT NULL;
    changed := is_new;
    IF standing.id IS NULL AND NOT is_new THEN
        RETURN;
    END IF;
    IF is_new THEN
        happened := btwin._phrase_of('config.applied');
        SELECT p.id INTO preferences FROM btwin.personalization_preferences p WHERE p.user_id = learner;
        IF preferences IS NULL THEN
            -- a configuration belongs to preferences: the usual ones
            preferences := btwin._new_id();
            INSERT INTO btwin.personalization_preferences (id, user_id, created_at, updated_at) VALUES (preferences, learner, stored_at, stored_at);
        END IF;
        id := btwin._new_id();
        strategy_variant := variant;
        activated_at := stored_at;
        INSERT INTO btwin.personalization_configs (id, user_id, preferences_id, context, strategy_variant, mission_personalization, content_personalization,
                                                   assessment_personalization, session_personalization, confidence_score, is_active, activated_at, created_at, updated_at)
        VALUES (_put_config.id, learner, preferences, config_context, _put_config.strategy_variant, documents[1], documents[2], documents[3], documents[4],
                confidence, true, stored_at, stored_at, stored_at);
    ELSE
        id := standing.id;
        strategy_variant := coalesce(variant, standing.strategy_variant);
        activated_at := standing.activated_at;
        score := CASE WHEN standing.effectiveness_score BETWEEN 0 AND 100 THEN standing.effectiveness_score END;
        changed := (standing.strategy_variant, standing.mission_personalization, standing.content_personalization, standing.assessment_personalization,
                    standing.session_personalization, standing.confidence_score)
                   IS DISTINCT FROM (_put_config.strategy_variant, documents[1], documents[2], documents[3], documents[4], confidence);
        IF changed THEN
            UPDATE btwin.personalization_configs c
            SET strategy_variant = _put_config.strategy_variant, mission_personalization = documents[1], content_personalization = documents[2],
                assessment_personalization = documents[3], session_personalization = documents[4], confidence_score = confidence, updated_at = stored_at
            WHERE c.id = standing.id AND c.user_id = learner;
            happened := CASE WHEN standing.strategy_variant = _put_config.strategy_variant THEN btwin._phrase_of('config.changed')
                             ELSE format(btwin._phrase_of('config.strategy'), _put_config.strategy_variant, standing.strategy_variant) END;
        END IF;
        IF btwin._remove_configs(learner, ARRAY[config_context], standing.id, 'config.removed.replaced', moment) > 0 THEN
            changed := true;
        END IF;
    END IF;
    IF happened IS NOT NULL THEN
        INSERT INTO btwin.config_history (user_id, config_id, event_type, number, occurred_at, context, strategy_variant, previous_value, new_value, description)
        SELECT learner, _put_config.id, 'APPLIED', 1 + coalesce(max(h.number), 0), stored_at, config_context, _put_config.strategy_variant, score, score, happened
        FROM btwin.config_history h WHERE h.user_id = learner AND h.config_id = _put_config.id AND h.event_type = 'APPLIED';
    END IF;
END
$put_config$;
COMMENT ON FUNCTION btwin._put_config(text, text, text, jsonb, float8, timestamptz) IS
'Internal: the one configuration in force of a context gets these parameters: the newest is changed in place and others end, or there is a new one. variant: NULL keeps that of the one in force, and makes none where none is (it may have ended since the moment of an analysis). Nothing is written where nothing changes.';

CREATE FUNCTION btwin_api.update_personalization_preferences(user_id text DEFAULT NULL, personalization_level text DEFAULT NULL,
    mission_personalization_enabled boolean DEFAULT NULL, content_personalization_enabled boolean DEFAULT NULL,
    assessment_personalization_enabled boolean DEFAULT NULL, session_personalization_enabled boolean DEFAULT NULL,
    auto_adapt_enabled boolean DEFAULT NULL, disabled_features text[] DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER COST 2000
SET search_path = pg_catalog, pg_temp
AS $update_personalization_preferences$
#variable_conflict use_column
DECLARE
    level       text := update_personalization_preferences.personalization_level;
    features    text[] := update_personalization_preferences.disabled_features;
    learner     text;
    standing    record;
    wish        record;
    is_changed  boolean;
    removed     integer;
    -- a table of an application may keep milliseconds
    stored_at   timestamptz := date_trunc('milliseconds', now());
BEGIN
    IF num_nonnulls(level, update_personalization_preferences.mission_personalization_enabled, update_personalization_preferences.content_personalization_enabled,
                    update_personalization_preferences.assessment_personalization_enabled, update_personalization_preferences.session_personalization_enabled,
                    update_personalization_preferences.auto_adapt_enabled, features) = 0 THEN
        PERFORM btwin._refuse('PT400', 'missing_argument', 'nothing is to be changed', 'Give one of the arguments beside "user_id".', 'personalization_level');
    END IF;
    PERFORM btwin._check_enum('personalization_level', level, 'PersonalizationLevel');
    IF array_ndims(features) > 1 OR cardinality(features) > 50 OR EXISTS (SELECT FROM unnest(features) AS f WHERE f IS NULL OR length(f) NOT BETWEEN 1 AND 100) THEN
        PERFORM btwin._refuse('PT400', 'out_of_range', 'argument "disabled_features" is not a list of names', 'Needed are at most 50 names of 1 to 100 characters each.', 'disabled_features');
    END IF;
    learner := btwin._caller(update_personalization_preferences.user_id, false, true);
    PERFORM btwin._begin_write(learner);

    SELECT p.* INTO standing FROM btwin.personalization_preferences p WHERE p.user_id = learner FOR UPDATE;
    -- a level brings its toggles with it, what is said of one of them wins
    SELECT coalesce(level, standing.personalization_level, 'MEDIUM') AS level,
           coalesce(update_personalization_preferences.mission_personalization_enabled, level <> 'NONE', standing.mission_personalization_enabled, true) AS mission,
           coalesce(update_personalization_preferences.content_personalization_enabled, level NOT IN ('NONE', 'LOW'), standing.content_personalization_enabled, true) AS content,
           coalesce(update_personalization_preferences.assessment_personalization_enabled, level NOT IN ('NONE', 'LOW'), standing.assessment_personalization_enabled, true) AS assessment,
           coalesce(update_personalization_preferences.session_personalization_enabled, level <> 'NONE', standing.session_personalization_enabled, true) AS session,
           coalesce(update_personalization_preferences.auto_adapt_enabled, standing.auto_adapt_enabled, true) AS auto_adapt,
           coalesce(features, standing.disabled_features, '{}') AS disabled
    INTO wish;
    IF standing.id IS NULL THEN
        INSERT INTO btwin.personalization_preferences (id, user_id, personalization_level, auto_adapt_enabled, mission_personalization_enabled, content_personalization_enabled,
                                                       assessment_personalization_enabled, session_personalization_enabled, disabled_features, created_at, updated_at)
        VALUES (btwin._new_id(), learner, wish.level, wish.auto_adapt, wish.mission, wish.content, wish.assessment, wish.session, wish.disabled, stored_at, stored_at);
        is_changed := true;
    ELSE
        is_changed := (standing.personalization_level, standing.auto_adapt_enabled, standing.mission_personalization_enabled, standing.content_personalization_enabled,
                       standing.assessment_personalization_enabled, standing.session_personalization_enabled, standing.disabled_features)
                      IS DISTINCT FROM (wish.level, wish.auto_adapt, wish.mission, wish.content, wish.assessment, wish.session, wish.disabled);
        IF is_changed THEN
            UPDATE btwin.personalization_preferences p
            SET personalization_level = wish.level, auto_adapt_enabled = wish.auto_adapt, mission_personalization_enabled = wish.mission, content_personalization_enabled = wish.content,
                assessment_personalization_enabled = wish.assessment, session_personalization_enabled = wish.session, disabled_features = wish.disabled, updated_at = stored_at
            WHERE p.id = standing.id AND p.user_id = learner;
        END IF;
    END IF;
    -- by what holds now, whenever it was said
    removed := btwin._remove_configs(learner, ARRAY(SELECT e.context FROM btwin.domain_enum d CROSS JOIN unnest(d.allowed) AS e (context)
                                                    WHERE d.enum_name = 'PersonalizationContext' AND e.context <> ALL (btwin._personalized_contexts(learner))),
                                     NULL, 'config.removed.preferences', now());
    RETURN btwin_api.personalization_preferences(learner) || jsonb_build_object('configs_deactivated', removed, 'changed', is_changed OR removed > 0);
END
$update_personalization_preferences$;
COMMENT ON FUNCTION btwin_api.update_personalization_preferences(text, text, boolean, boolean, boolean, boolean, boolean, text[]) IS
'Changes what a learner wants personalized.
A document; it also works where analysis is switched off. What is not given stays as it is; a learner without preferences starts from the usual ones (MEDIUM, everything on).
Arguments, at least one beside user_id. user_id: learner, default the caller. personalization_level: NONE, LOW, MEDIUM or HIGH; it brings its toggles with it: NONE all four off, LOW missions and sessions on, contents and assessments off, MEDIUM and HIGH all on. mission_personalization_enabled, content_personalization_enabled, assessment_personalization_enabled, session_personalization_enabled: win over those of the level. auto_adapt_enabled: may configurations in force be worked out anew every night. disabled_features: names of parts (mission, content, assessment, session) or of parameters, at most 50 of 1 to 100 characters, in place of the earlier ones.
Keys. Those of personalization_preferences (is_default is false from then on); configs_deactivated: configurations taken out of force; changed: false where everything was so already.
Writes personalization_preferences; takes configurations of contexts that are switched off now (level NONE, their toggle, a feature of that name) out of force, in personalization_configs and btwin.config_history. Idempotent: the same call again changes nothing, updated_at included.
Errors: PT400 missing_argument (nothing given), not_allowed_value, out_of_range, user_required; PT403 no_claim, forbidden; PT404 unknown_learner; 25006 on a standby.
Epic 5 domain model, 3.2 (19).';

CREATE FUNCTION btwin_api.apply_personalization(user_id text DEFAULT NULL, context text DEFAULT NULL, strategy_variant text DEFAULT 'balanced', decision_id text DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER COST 5000
SET search_path = pg_catalog, pg_temp
AS $apply_personalization$
#variable_conflict use_column
DECLARE
    asked       text := apply_personalization.context;
    variant     text := apply_personalization.strategy_variant;
    learner     text;
    decided     record;
    part        jsonb;
    made        record;
BEGIN
    PERFORM btwin._need('context', asked IS NOT NULL);
    PERFORM btwin._check_enum('context', asked, 'PersonalizationContext');
    PERFORM btwin._need('strategy_variant', variant IS NOT NULL);
    PERFORM btwin._check_one_of('strategy_variant', variant, '{pattern_heavy,prediction_heavy,balanced,conservative}');
    learner := btwin._caller(apply_personalization.user_id, true, true);
    PERFORM btwin._begin_write(learner);

    IF apply_personalization.decision_id IS NOT NULL THEN
        SELECT d.context, d.arm INTO decided FROM btwin.decision d WHERE d.user_id = learner AND d.id = apply_personalization.decision_id;
        IF NOT FOUND THEN
            PERFORM btwin._refuse_foreign();
        ELSIF decided.context <> asked THEN
            PERFORM btwin._refuse('PT400', 'not_allowed_value', 'the decision was about another context', format('It was about %s.', decided.context), 'decision_id');
        END IF;
        variant := decided.arm;
    END IF;
    IF asked <> ALL (btwin._personalized_contexts(learner)) THEN
        PERFORM btwin._refuse('PT409', 'personalization_off', 'the learner has switched this personalization off', 'The learner can switch it on: update_personalization_preferences().');
    END IF;
    part := btwin._personalization(learner, now()) -> lower(asked);
    IF NOT (part -> 'applicable')::boolean THEN
        PERFORM btwin._refuse('PT422', 'insufficient_data', 'the profile rests on too little data for the level the learner chose',
                              'Needed is a data_quality_score of 0.6 at HIGH, 0.7 at MEDIUM, 0.85 at LOW; analyze_patterns() works the profile out.');
    END IF;
    made := btwin._put_config(learner, asked, variant, part -> 'parameters', (part ->> 'confidence')::float8, now());
    RETURN jsonb_build_object('id', made.id, 'context', asked, 'strategy', part -> 'strategy', 'strategy_variant', made.strategy_variant, 'parameters', part -> 'parameters',
                              'confidence', part -> 'confidence', 'activated_at', made.activated_at, 'is_new', made.is_new, 'changed', made.changed);
END
$apply_personalization$;
COMMENT ON FUNCTION btwin_api.apply_personalization(text, text, text, text) IS
'Puts a configuration of personalization in force.
A document: the parameters that personalization_config answers at this moment become those of the context''s one configuration.
Arguments. user_id: learner, default the caller. context: MISSION, CONTENT, ASSESSMENT or SESSION; required. strategy_variant: pattern_heavy, prediction_heavy, balanced (default), conservative: kept with the configuration; what it changes is up to the application. decision_id: a decision of choose_strategy about this context; its arm is the variant then.
Keys. id: the configuration; context; strategy: pattern-based, learning-style-adaptive, forgetting-curve-optimized or attention-cycle-based, by context; strategy_variant; parameters: as in personalization_config; confidence: quality of the profile, 0 to 1; activated_at: when it was put in force first; is_new: there was none in force; changed: false where everything was so already.
Writes personalization_configs: the newest one in force of the context is changed in place, others in force end; btwin.config_history (APPLIED where something changed, REMOVED for the others); personalization_preferences, the usual ones, where the learner has none. Idempotent: the same call again changes nothing while its parameters stay the same.
Errors: PT400 missing_argument, not_allowed_value (also a decision about another context), user_required; PT403 no_claim, forbidden (also for a decision that is not the learner''s), analysis_disabled; PT404 unknown_learner, unknown_id; PT409 personalization_off (level NONE, the toggle, a disabled feature of that name); PT422 insufficient_data (the quality is below what the level asks for); 25006 on a standby.
Epic 5 domain model, 2.25. Reads what personalization_config reads, btwin.decision.';
