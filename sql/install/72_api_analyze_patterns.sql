-- The analysis of habits: patterns, what follows from them, and the profile.

CREATE FUNCTION btwin._study_patterns(learner text, moment timestamptz, force boolean) RETURNS jsonb
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $study_patterns$
DECLARE
    zone        CONSTANT text := btwin.learner_time_zone(learner);
    enough      record;
    last_for    timestamptz;
    known       record;
    curve       record;
    facts       record;
    patterns    record;
    insights    record;
    proposed    record;
    profile     record;
    why_not     text;
    ids         text[];
BEGIN
    SELECT s.* INTO enough FROM btwin._sufficiency(learner, moment) AS s;
    SELECT v.computed_for INTO last_for
    FROM btwin.user_learning_profiles p JOIN btwin.provenance v ON v.user_id = learner AND v.kind = 'user_learning_profiles' AND v.id = p.id AND v.method = 'btwin'
    WHERE p.user_id = learner;
    -- never back: what is stored knows more
    IF last_for > moment OR (NOT force AND (last_for AT TIME ZONE zone)::date = (moment AT TIME ZONE zone)::date) THEN
        why_not := 'already_today';
    ELSIF NOT enough.sufficient THEN
        why_not := 'insufficient_data';
    END IF;

    -- too few rows now, but enough once: what was found goes
    IF (why_not IS NULL OR (why_not = 'insufficient_data' AND last_for IS NOT NULL)) AND btwin._is_analysed(learner) THEN
        SELECT (array_agg(s.pattern ORDER BY s.family) FILTER (WHERE s.family IN ('hour', 'hour_answered')))[1] AS hours,
               (array_agg(s.pattern ORDER BY s.family) FILTER (WHERE s.family IN ('length', 'length_answered')))[1] AS lengths,
               (array_agg(s.pattern) FILTER (WHERE s.family = 'content'))[1] AS contents,
               (array_agg(s.forgetting) FILTER (WHERE s.family = 'forgetting'))[1] AS forgetting
        INTO known
        FROM btwin._read_states(learner, '{hour,hour_answered,length,length_answered,content,forgetting}', moment) AS s
        WHERE enough.sufficient;
        SELECT c.half_life, c.half_life_low, c.half_life_high, c.amplitude, c.decay_rate, c.confidence, c.evidence_count INTO curve
        FROM btwin.curve(known.forgetting, 0.95) AS c;
        SELECT f.* INTO facts FROM btwin._study_facts(learner, moment) AS f;

        SELECT h.* INTO patterns
        FROM btwin._store_habits(learner, moment, known.hours, known.lengths, known.contents, curve.half_life, curve.half_life_low, curve.half_life_high,
                                 curve.amplitude, curve.decay_rate, curve.evidence_count, facts.content) AS h;
        SELECT i.* INTO insights FROM btwin._store_insights(learner, moment) AS i;
        SELECT r.* INTO proposed FROM btwin._store_recommendations(learner, moment) AS r;
        SELECT p.* INTO profile
        FROM btwin._store_profile(learner, moment, enough.sufficient, facts.sessions, facts.minutes, facts.weeks, facts.content, facts.exposure,
                                  curve.half_life, curve.half_life_low, curve.half_life_high, curve.amplitude, curve.decay_rate, curve.confidence, curve.evidence_count) AS p;
    ELSE
        SELECT 0 AS created, 0 AS updated, 0 AS weakened, 0 AS removed INTO patterns;
        SELECT 0 AS created, 0 AS kept INTO insights;
        SELECT 0 AS created, 0 AS kept INTO proposed;
        SELECT false AS written INTO profile;
    END IF;
    ids := ARRAY(SELECT p.id FROM btwin.behavioral_patterns p
                 JOIN btwin.provenance v ON v.user_id = learner AND v.kind = 'behavioral_patterns' AND v.id = p.id AND v.method = 'btwin'
                 WHERE p.user_id = learner ORDER BY p.confidence DESC, p.id);
    RETURN jsonb_build_object(
        'ran', why_not IS NULL, 'reason', why_not, 'sufficient', enough.sufficient,
        'requirements', jsonb_build_object('weeks_needed', enough.weeks_needed, 'sessions_needed', enough.sessions_needed, 'reviews_needed', enough.reviews_needed),
        'patterns', jsonb_build_object('created', patterns.created, 'updated', patterns.updated, 'weakened', patterns.weakened, 'removed', patterns.removed, 'total', cardinality(ids)),
        'insights', jsonb_build_object('created', insights.created, 'kept', insights.kept),
        'recommendations', jsonb_build_object('created', proposed.created, 'kept', proposed.kept),
        'pattern_ids', ids, 'profile_updated', profile.written,
        'data_quality_score', (SELECT CASE WHEN p.data_quality_score BETWEEN 0 AND 1 THEN p.data_quality_score END FROM btwin.user_learning_profiles p WHERE p.user_id = learner),
        'computed_for', moment);
END
$study_patterns$;
COMMENT ON FUNCTION btwin._study_patterns(text, timestamptz, boolean) IS
'Internal: the analysis of a learner''s habits, in the learner''s turn: patterns, insights, recommendations, profile. Nothing is written where nothing changed, for a moment before the last one analysed, and for a learner who is not analysed. The answer is that of btwin_api.analyze_patterns.';

CREATE FUNCTION btwin._analyze_patterns(learner text, moment timestamptz) RETURNS jsonb
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $analyze_patterns$
BEGIN
    RETURN btwin._study_patterns(learner, moment, true);
END
$analyze_patterns$;
COMMENT ON FUNCTION btwin._analyze_patterns(text, timestamptz) IS
'Internal: step of the analysis: the habits of a learner, however often they were looked for today.';

INSERT INTO btwin.analysis_step (position, step, function, comment) VALUES
    (20, 'patterns', 'btwin._analyze_patterns', 'habits, insights, recommendations and the profile');

CREATE FUNCTION btwin_api.analyze_patterns(user_id text DEFAULT NULL, force boolean DEFAULT false, as_of timestamptz DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER COST 10000
SET search_path = pg_catalog, pg_temp
AS $analyze_patterns$
#variable_conflict use_column
DECLARE
    moment  timestamptz;
    learner text;
BEGIN
    PERFORM btwin._need('force', analyze_patterns.force IS NOT NULL);
    moment := btwin._moment(analyze_patterns.as_of);
    learner := btwin._caller(analyze_patterns.user_id, true, true);
    PERFORM btwin._begin_write(learner);
    RETURN btwin._study_patterns(learner, moment, analyze_patterns.force);
END
$analyze_patterns$;
COMMENT ON FUNCTION btwin_api.analyze_patterns(text, boolean, timestamptz) IS
'Looks for a learner''s habits and stores what it finds: patterns, insights, recommendations and the profile.
Once per day of the learner''s calendar, unless forced. Idempotent: a second run over the same rows writes nothing. A standby and a read-only transaction answer 25006.
Arguments. user_id: learner, default the caller. force: also where today was analysed already; false. as_of: moment of the analysis, default now; it is the time of what is written, and rows from it on do not count. A moment before the last one analysed is never analysed.
Keys. ran: true or false; reason why not: already_today, insufficient_data, else NULL. sufficient: 6 weeks since the first session, 20 completed sessions, 50 reviews, over all time; requirements {weeks_needed, sessions_needed, reviews_needed}: what is missing. patterns {created, updated, weakened (no longer found, but not gone), removed, total (stored now)}; insights, recommendations {created, kept (open ones that were there)}; pattern_ids: those stored now, the surest first; profile_updated: something in the profile changed; data_quality_score: of the profile, 0 to 1, NULL without one; computed_for: the moment.
Too little history is a success with ran false; what was found before, over rows that are gone, is removed.
Errors: PT400 missing_argument, out_of_range, user_required, not_attached; PT403 no_claim, forbidden, analysis_disabled; PT404 unknown_learner; 25006; 40001 under REPEATABLE READ.
Epic 5 domain model, 2.1, 2.10, 2.29, with the rules of doc/pattern.md and doc/forgetting.md. Reads study_sessions, reviews, behavioral_events, validation_responses, validation_prompts, users, btwin.user_day, btwin.user_month, btwin.user_total. Writes behavioral_patterns, btwin.pattern_history, behavioral_insights, insight_patterns, recommendations, user_learning_profiles, insight_notifications (NEW_PATTERN, NEW_INSIGHT), btwin.provenance.';

CREATE FUNCTION btwin_api.delete_patterns(user_id text DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER COST 1000
SET search_path = pg_catalog, pg_temp
AS $delete_patterns$
#variable_conflict use_column
DECLARE
    learner     text;
    insights    text[];
    patterns    text[];
    profiles    text[];
    history     bigint;
BEGIN
    learner := btwin._caller(delete_patterns.user_id, false, true);
    PERFORM btwin._begin_write(learner);
    insights := ARRAY(SELECT i.id FROM btwin.behavioral_insights i WHERE i.user_id = learner);
    patterns := ARRAY(SELECT p.id FROM btwin.behavioral_patterns p WHERE p.user_id = learner);
    profiles := ARRAY(SELECT p.id FROM btwin.user_learning_profiles p WHERE p.user_id = learner);
    DELETE FROM btwin.insight_patterns l WHERE l.insight_id = ANY (insights);
    DELETE FROM btwin.insight_patterns l WHERE l.pattern_id = ANY (patterns);
    DELETE FROM btwin.behavioral_insights i WHERE i.id = ANY (insights) AND i.user_id = learner;
    DELETE FROM btwin.behavioral_patterns p WHERE p.id = ANY (patterns) AND p.user_id = learner;
    DELETE FROM btwin.user_learning_profiles p WHERE p.id = ANY (profiles) AND p.user_id = learner;
    DELETE FROM btwin.provenance v WHERE v.user_id = learner AND v.kind IN ('behavioral_insights', 'behavioral_patterns', 'user_learning_profiles');
    DELETE FROM btwin.pattern_history h WHERE h.user_id = learner;
    GET DIAGNOSTICS history = ROW_COUNT;
    RETURN jsonb_build_object('patterns_deleted', cardinality(patterns), 'insights_deleted', cardinality(insights),
                              'profiles_deleted', cardinality(profiles), 'history_deleted', history);
END
$delete_patterns$;
COMMENT ON FUNCTION btwin_api.delete_patterns(text) IS
'Deletes what was found out about a learner''s habits: patterns with their history, insights and the profile, those of the application included.
It also answers where analysis is switched off; who does not want to be analysed again switches it off. Idempotent: a second call finds nothing. A standby and a read-only transaction answer 25006. Recommendations stay until the next analysis, which dismisses those whose habit it does not find again.
Arguments. user_id: learner, default the caller.
Keys. patterns_deleted, insights_deleted, profiles_deleted, history_deleted: rows, 0 or more.
Errors: PT400 user_required, not_attached; PT403 no_claim, forbidden; PT404 unknown_learner; 25006; 40001 under REPEATABLE READ.
Epic 5 domain model, 3.3. Writes behavioral_patterns, behavioral_insights, insight_patterns, user_learning_profiles, btwin.pattern_history, btwin.provenance.';
