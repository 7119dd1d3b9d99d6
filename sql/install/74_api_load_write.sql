-- A measurement of cognitive load, and the assessment of burnout, stored.

INSERT INTO btwin.phrase (locale, key, phrase) VALUES
    ('en', 'load.nothing_measured', 'Nothing was measured: no answer, no score, no card.');

-- Documents of the caller that hold numbers: every key known, every value in range.
CREATE FUNCTION btwin._check_numbers(argument text, document jsonb, limits jsonb) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $check_numbers$
DECLARE
    part record;
BEGIN
    IF document IS NULL THEN
        RETURN true;
    END IF;
    IF jsonb_typeof(document) <> 'object' THEN
        PERFORM btwin._refuse('PT400', 'bad_document', format('argument "%s" is a JSON %s', argument, jsonb_typeof(document)),
                              format('Needed is an object with some of the keys %s.', (SELECT string_agg(l.key, ', ' ORDER BY l.key) FROM jsonb_object_keys(limits) AS l (key))), argument);
    END IF;
    FOR part IN
        SELECT d.key, d.value, limits -> d.key AS range FROM jsonb_each(document) AS d (key, value) ORDER BY d.key COLLATE "C"
    LOOP
        IF part.range IS NULL THEN
            PERFORM btwin._refuse('PT400', 'bad_document', format('argument "%s" has a key that is not known', argument),
                                  format('Known are %s.', (SELECT string_agg(l.key, ', ' ORDER BY l.key) FROM jsonb_object_keys(limits) AS l (key))), argument);
        ELSIF jsonb_typeof(part.value) <> 'null'
              AND btwin._json_number(part.value, (part.range ->> 0)::numeric, (part.range ->> 1)::numeric) IS NULL THEN
            PERFORM btwin._refuse('PT400', 'bad_document', format('argument "%s" has no such number at %s', argument, part.key),
                                  format('Needed is null or a number from %s to %s.', part.range ->> 0, part.range ->> 1), argument);
        END IF;
    END LOOP;
    RETURN true;
END
$check_numbers$;
COMMENT ON FUNCTION btwin._check_numbers(text, jsonb, jsonb) IS
'Internal: PT400 bad_document unless a document is an object whose keys are among those of limits, each null or a number in the range that stands there as [low, high]; NULL passes.';

CREATE FUNCTION btwin._check_elements(argument text, elements float8[], most integer, low float8, high float8) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $check_elements$
BEGIN
    PERFORM btwin._need(argument, elements IS NOT NULL);
    IF cardinality(elements) > most THEN
        PERFORM btwin._refuse('PT400', 'out_of_range', format('argument "%s" has %s elements', argument, cardinality(elements)), format('At most %s are taken.', most), argument);
    -- NaN is above everything
    ELSIF EXISTS (SELECT FROM unnest(elements) AS e (value) WHERE (e.value BETWEEN low AND high) IS NOT TRUE) THEN
        PERFORM btwin._refuse('PT400', 'out_of_range', format('argument "%s" has an element that is null or out of range', argument),
                              format('Needed are numbers from %s to %s.', low, high), argument);
    END IF;
    RETURN true;
END
$check_elements$;
COMMENT ON FUNCTION btwin._check_elements(text, float8[], integer, float8, float8) IS
'Internal: PT400 missing_argument for NULL, out_of_range for more than so many elements, and where one is NULL or outside [low, high].';

-- Load of a session from what an application measured

-- Answers in their order. Which of them were wrong is known in number only: those
-- with the lowest scores, where each has one; of equal ones evenly, by the golden
-- section, so that they say nothing about a decline.
CREATE FUNCTION btwin._measured_load(latencies float8[], error_rate float8, scores float8[], answer_count integer, pause_ms float8)
RETURNS btwin.cognitive_load
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $measured_load$
SELECT btwin.cognitive_load_agg('2000-01-01 00:00+00'::timestamptz + a.elapsed_ms * interval '1 millisecond', a.latency, a.rank > a.wrong, a.pause)
FROM (SELECT n.place, n.latency, n.pause, btwin.epic5_round(error_rate * answer_count) AS wrong,
             sum(coalesce(n.latency, 0) + coalesce(n.pause, 0) + 1) OVER (ORDER BY n.place) AS elapsed_ms,
             row_number() OVER (ORDER BY n.score, n.place * 0.618033988749895 - floor(n.place * 0.618033988749895)) AS rank
      FROM (SELECT g.place, latencies[g.place] AS latency, CASE WHEN cardinality(scores) = answer_count THEN scores[g.place] END AS score,
                   pause_ms / answer_count AS pause
            FROM generate_series(1, answer_count) AS g (place)) AS n) AS a
$measured_load$;
COMMENT ON FUNCTION btwin._measured_load(float8[], float8, float8[], integer, float8) IS
'Internal: state of a session of so many answers: their latencies in ms where known, the share that is wrong, scores 0 to 1 where there is one for each, and the milliseconds of all pauses, shared evenly (NULL: not reported).';

-- What a caller says is usual, as sixty answers of one session would say it: spread
-- and slowdown are those of the population, 0.337 being the third of them that lies
-- one median deviation out where the spread is 0.5.
CREATE FUNCTION btwin._stated_load_baseline(avg_latency_ms float8, performance float8) RETURNS btwin.load_baseline
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $stated_load_baseline$
SELECT btwin.baseline(btwin.cognitive_load_agg(to_timestamp(a.place),
                                               avg_latency_ms / (usual.right_share + 1.4 * (1 - usual.right_share)) * exp(0.337 * (a.place % 3 - 1)) * CASE WHEN a.correct THEN 1 ELSE 1.4 END,
                                               a.correct), 45)
FROM (SELECT coalesce(nullif(performance, 0), 0.7) AS right_share) AS usual
CROSS JOIN LATERAL (SELECT g.place, g.place <= round(60 * usual.right_share) AS correct FROM generate_series(1, 60) AS g (place)) AS a
$stated_load_baseline$;
COMMENT ON FUNCTION btwin._stated_load_baseline(float8, float8) IS
'Internal: baseline of a learner whose answers take avg_latency_ms on average and are right to the share performance; NULL or 0: the latency is not known, the share is 0.7.';

CREATE FUNCTION btwin._load_of_session(learner text, method text, latencies float8[], error_rate float8, scores float8[], session_minutes float8,
    engagement jsonb, baseline jsonb, moment timestamptz,
    OUT score float8, OUT low float8, OUT high float8, OUT level text, OUT indicators jsonb, OUT is_overload boolean, OUT risk_level text,
    OUT confidence float8, OUT evidence integer, OUT reason text, OUT advice_keys text[], OUT sign_keys text[])
LANGUAGE plpgsql STABLE COST 1000
SET search_path = pg_catalog, pg_temp
AS $load_of_session$
DECLARE
    pause_ms        float8 := btwin._json_number(engagement -> 'pause_duration_ms');
    usual_latency   float8 := btwin._json_number(baseline -> 'avg_response_latency_ms');
    usual_share     float8 := btwin._json_number(baseline -> 'baseline_performance');
    minutes         float8 := session_minutes;
    pauses          integer;
    state           btwin.cognitive_load;
    usual           btwin.load_baseline;
    zone            text;
    today           date;
    rule            record;
BEGIN
    IF method = 'epic5' THEN
        IF engagement IS NOT NULL THEN
            pauses := coalesce(btwin._json_number(engagement -> 'pause_count'), 0);
            IF session_minutes = 0 THEN     -- no share of no time; a minute is as good as none for the rest
                pause_ms := 0;
                minutes := 1;
            END IF;
        END IF;
        SELECT r.* INTO rule FROM btwin.epic5_cognitive_load(latencies, error_rate, scores, minutes, pauses, pause_ms, usual_latency, usual_share) AS r;
        score := rule.load_score;
        level := rule.load_level;
        is_overload := rule.overload;
        risk_level := rule.risk_level;
        confidence := rule.confidence;
        evidence := cardinality(latencies) + cardinality(scores);
        SELECT jsonb_agg(jsonb_build_object('type', i.type, 'severity', i.severity, 'value', i.value, 'contribution', i.contribution) ORDER BY i.place),
               array_agg('indicator.' || i.type ORDER BY i.contribution DESC, i.place)
        INTO indicators, sign_keys
        FROM btwin.epic5_cognitive_load_indicators(latencies, error_rate, scores, minutes, pauses, pause_ms, usual_latency, usual_share)
             WITH ORDINALITY AS i (type, severity, value, contribution, place);
        advice_keys := ARRAY(SELECT 'load.' || k.phrase
                             FROM unnest(rule.recommendations) WITH ORDINALITY AS a (key, place)
                             JOIN (VALUES ('break_10_minutes_now', 'CRITICAL.1'), ('review_only', 'CRITICAL.2'), ('consider_stopping', 'CRITICAL.3'),
                                          ('one_level_easier', 'HIGH.1'), ('break_5_minutes_every_20', 'HIGH.2'), ('mix_80_review_20_new', 'HIGH.3'),
                                          ('keep_difficulty', 'MODERATE.1'), ('minor_help', 'MODERATE.2'), ('break_every_30_minutes', 'MODERATE.3'),
                                          ('slow_responses', 'RESPONSE_LATENCY.HIGH'), ('many_errors', 'ERROR_RATE.HIGH'), ('break_15_minutes', 'DURATION_STRESS'))
                                  AS k (key, phrase) ON k.key = a.key
                             ORDER BY a.place);
        RETURN;
    END IF;

    state := btwin._measured_load(latencies, error_rate, scores,
                                  coalesce(nullif(cardinality(latencies), 0), nullif(cardinality(scores), 0),
                                           floor(btwin._json_number(engagement -> 'card_interactions'))::integer, 0), pause_ms);
    IF num_nonnulls(usual_latency, usual_share) > 0 THEN
        usual := btwin._stated_load_baseline(nullif(usual_latency, 0), usual_share);
    ELSE
        -- the learner's own of the 28 days before today
        zone := btwin.learner_time_zone(learner);
        today := (moment AT TIME ZONE zone)::date;
        SELECT btwin.rollup(d.load) INTO usual FROM btwin._day_states(learner, '{load}', today - 28, today - 1, moment, zone) AS d;
        IF (btwin.baseline_summary(usual)).latencies >= 50 IS NOT TRUE THEN
            usual := NULL;
        END IF;
    END IF;
    IF session_minutes = 0 THEN
        minutes := NULL;    -- not said: as long as its answers
    ELSE
        minutes := greatest(session_minutes - coalesce(pause_ms, 0) / 60000, 0);
    END IF;
    SELECT r.* INTO rule FROM btwin.load_score(state, usual, minutes) AS r;
    score := rule.value;
    low := rule.low;
    high := rule.high;
    level := rule.load_level;
    is_overload := rule.overload;
    confidence := rule.confidence;
    evidence := coalesce(rule.evidence_count, 0);
    reason := rule.reason;
    SELECT jsonb_agg(jsonb_build_object('type', i.type, 'severity', i.severity, 'value', i.value, 'contribution', i.contribution) ORDER BY i.place),
           array_agg('indicator.' || i.type ORDER BY i.place),
           array_agg(CASE WHEN i.type = 'DURATION_STRESS' THEN 'load.DURATION_STRESS' ELSE 'load.' || i.type || '.' || i.severity END ORDER BY i.place),
           CASE WHEN is_overload THEN 'CRITICAL' WHEN level = 'HIGH' OR bool_or(i.severity = 'HIGH') THEN 'HIGH' WHEN level = 'MODERATE' THEN 'MEDIUM' ELSE 'LOW' END
    INTO indicators, sign_keys, advice_keys, risk_level
    FROM btwin.indicators(state, usual, minutes) WITH ORDINALITY AS i (type, severity, value, contribution, place);
    advice_keys := ARRAY['load.' || level || '.1', 'load.' || level || '.2', 'load.' || level || '.3'] || advice_keys;
    IF score IS NULL THEN
        risk_level := NULL;
        is_overload := false;
    END IF;
END
$load_of_session$;
COMMENT ON FUNCTION btwin._load_of_session(text, text, float8[], float8, float8[], float8, jsonb, jsonb, timestamptz) IS
'Internal: load of a session from what was measured, by btwin (doc/load.md) or epic5 (Epic 5 domain model, 2.21), with indicators, risk, and the keys of advice and of signs (largest first).';

CREATE FUNCTION btwin_api.record_cognitive_load(user_id text DEFAULT NULL, session_id text DEFAULT NULL, response_latencies_ms float8[] DEFAULT '{}',
    error_rate float8 DEFAULT 0, performance_scores float8[] DEFAULT '{}', session_minutes float8 DEFAULT 0, engagement jsonb DEFAULT NULL,
    baseline jsonb DEFAULT NULL, method_is text DEFAULT 'btwin', idempotency_key text DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER COST 2000
SET search_path = pg_catalog, pg_temp
AS $record_cognitive_load$
#variable_conflict use_column
DECLARE
    moment      timestamptz := now();
    learner     text;
    arguments   jsonb;
    answer      jsonb;
    found       record;
    version     text := CASE record_cognitive_load.method_is WHEN 'btwin' THEN 'load-1' ELSE 'epic5-1' END;
    new_id      text;
BEGIN
    PERFORM btwin._check_elements('response_latencies_ms', record_cognitive_load.response_latencies_ms, 1000, 0, 600000),
            btwin._need('error_rate', record_cognitive_load.error_rate IS NOT NULL),
            btwin._check_between('error_rate', record_cognitive_load.error_rate, 0, 1),
            btwin._check_elements('performance_scores', record_cognitive_load.performance_scores, 1000, 0, 1),
            btwin._need('session_minutes', record_cognitive_load.session_minutes IS NOT NULL),
            btwin._check_between('session_minutes', record_cognitive_load.session_minutes, 0, 1440),
            btwin._check_numbers('engagement', record_cognitive_load.engagement, '{"pause_count": [0, 1000], "pause_duration_ms": [0, 86400000], "card_interactions": [0, 1000]}'),
            btwin._check_numbers('baseline', record_cognitive_load.baseline, '{"avg_response_latency_ms": [0, 600000], "baseline_performance": [0, 1]}'),
            btwin._check_method(record_cognitive_load.method_is),
            btwin._check_key(record_cognitive_load.idempotency_key);
    learner := btwin._caller(record_cognitive_load.user_id, true, true);
    PERFORM btwin._begin_write(learner);
    arguments := jsonb_build_object('session_id', record_cognitive_load.session_id, 'response_latencies_ms', record_cognitive_load.response_latencies_ms,
                                    'error_rate', record_cognitive_load.error_rate, 'performance_scores', record_cognitive_load.performance_scores,
                                    'session_minutes', record_cognitive_load.session_minutes, 'engagement', record_cognitive_load.engagement,
                                    'baseline', record_cognitive_load.baseline, 'method_is', record_cognitive_load.method_is);
    answer := btwin._replay(learner, 'record_cognitive_load', record_cognitive_load.idempotency_key, arguments);
    IF answer IS NOT NULL THEN
        RETURN answer;
    END IF;
    IF record_cognitive_load.session_id IS NOT NULL
       AND NOT EXISTS (SELECT FROM btwin.study_sessions s WHERE s.user_id = learner AND s.id IS NOT DISTINCT FROM record_cognitive_load.session_id) THEN
        PERFORM btwin._refuse_foreign();
    END IF;

    found := btwin._load_of_session(learner, record_cognitive_load.method_is, record_cognitive_load.response_latencies_ms, record_cognitive_load.error_rate,
                                    record_cognitive_load.performance_scores, record_cognitive_load.session_minutes, record_cognitive_load.engagement,
                                    record_cognitive_load.baseline, moment);
    IF found.score IS NOT NULL THEN
        new_id := btwin._new_id();
        INSERT INTO btwin.cognitive_load_metrics (id, user_id, session_id, load_score, stress_indicators, confidence_level, timestamp)
        VALUES (new_id, learner, record_cognitive_load.session_id, found.score, coalesce(found.indicators, '[]'), found.confidence, moment);
        PERFORM btwin._record_provenance(learner, 'cognitive_load_metrics', new_id, record_cognitive_load.method_is, version, moment, found.evidence, found.low, found.high);
    END IF;
    answer := jsonb_build_object(
        'id', new_id,
        'load', btwin._score(found.score, found.low, found.high, found.confidence, found.evidence, record_cognitive_load.method_is, version, moment,
                             CASE WHEN found.score IS NULL THEN btwin._phrases('{load.nothing_measured}') ELSE btwin._phrases(found.sign_keys) END)
                || jsonb_build_object('reason', found.reason),
        'load_score', found.score,
        'load_level', found.level,
        'stress_indicators', coalesce(found.indicators, '[]'),
        'overload_detected', found.is_overload,
        'risk_level', found.risk_level,
        'confidence_level', found.confidence,
        'recommendations', to_jsonb(btwin._phrases(found.advice_keys)),
        'timestamp', moment);
    RETURN btwin._remember(learner, 'record_cognitive_load', record_cognitive_load.idempotency_key, arguments, answer);
END
$record_cognitive_load$;
COMMENT ON FUNCTION btwin_api.record_cognitive_load(text, text, float8[], float8, float8[], float8, jsonb, jsonb, text, text) IS
'Cognitive load of a session from what the application measured, stored
user_id: learner, by default the caller. session_id: session, null for none. response_latencies_ms: how long each answer took, in their order, each 0 to 600000, at most 1000. error_rate: share of wrong answers, 0 to 1. performance_scores: each 0 to 1, the newest last, at most 1000. session_minutes: length of the session with its pauses, 0 to 1440; 0: not said. engagement: {pause_count 0 to 1000, pause_duration_ms 0 to 86400000, card_interactions 0 to 1000}, null where not measured. baseline: what is usual, {avg_response_latency_ms 0 to 600000, baseline_performance 0 to 1}; null: the learner''s own answers of the 28 days before today where there are 50, else norms of the population (epic5: 2000 ms and 0.7). method_is: btwin or epic5. idempotency_key: 1 to 200 characters.
btwin: the load of doc/load.md against that baseline, 35 is an ordinary session. It takes as many answers as there are latencies, else scores, else card_interactions; the wrong ones are those with the lowest scores where each has one, else spread evenly. epic5: the weighted steps of the reference application; with session_minutes 0 pauses count by number only.
Keys: id (of the row), load (score document, 0 to 100; low and high with btwin; reason default_used where the baseline is not the learner''s), load_score (the same number), load_level (LOW below 40, MODERATE below 60, HIGH below 80, else CRITICAL), stress_indicators (type RESPONSE_LATENCY, ERROR_RATE, ENGAGEMENT_DROP, PERFORMANCE_DECLINE or DURATION_STRESS; severity LOW, MEDIUM or HIGH; value: with btwin times the usual latency, shares and minutes, with epic5 mean ms, shares and minutes; contribution in points, with epic5 0 to 100 before weighting), overload_detected (CRITICAL, or two HIGH indicators; epic5: above 80), risk_level (CRITICAL with overload; HIGH with that level or a HIGH indicator; MEDIUM with MODERATE; else LOW), confidence_level (0 to 1), recommendations (texts), timestamp (now).
Writes one row of cognitive_load_metrics and where it comes from. btwin, and not one answer, score or card: nothing is stored, id and load are null with reason no_rows. The same key and arguments again: the first answer, and no second row.
Errors: PT400 missing_argument, out_of_range, not_allowed_value, bad_document, user_required, not_attached; PT403 no_claim, forbidden (also for a session that is not the learner''s), analysis_disabled; PT404 unknown_learner, unknown_id; PT409 key_reused; 25006.
Source: Epic 5 domain model, 2.21 and 3.2 (12). Reads study_sessions, with btwin and no baseline reviews; btwin.learner.';

-- Burnout (2.20)

CREATE FUNCTION btwin._undated(signals jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $undated$
SELECT jsonb_agg(e.element - 'first_detected_at' ORDER BY e.place) FROM jsonb_array_elements(signals) WITH ORDINALITY AS e (element, place)
$undated$;
COMMENT ON FUNCTION btwin._undated(jsonb) IS
'Internal: warning signals without the moment they were first seen.';

CREATE FUNCTION btwin._store_burnout(learner text, method text, moment timestamptz, OUT answer jsonb, OUT id text, OUT action text)
LANGUAGE plpgsql VOLATILE COST 5000
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan
AS $store_burnout$
#variable_conflict use_column
DECLARE
    zone        text := btwin.learner_time_zone(learner);
    -- the moment itself does not count: the day of the one before it, so what was worked out at its end is its own
    today       date := ((moment - interval '1 microsecond') AT TIME ZONE zone)::date;
    from_at     timestamptz := btwin._day_start(today, zone) + interval '1 microsecond';
    to_at       timestamptz := btwin._day_start(today + 1, zone) + interval '1 microsecond';
    version     text := CASE method WHEN 'btwin' THEN 'burnout-1' ELSE 'epic5-1' END;
    stored      record;
    texts       text[];
BEGIN
    answer := btwin._burnout(learner, method, moment);
    IF answer -> 'risk_score' = 'null' THEN
        action := 'none';
        RETURN;
    END IF;
    SELECT a.*, p.method AS made_by INTO stored
    FROM btwin.burnout_risk_assessments_window(learner, from_at, to_at) AS a
    JOIN btwin.provenance p ON p.user_id = learner AND p.kind = 'burnout_risk_assessments' AND p.id = a.id
    ORDER BY a.assessment_date DESC, a.id DESC;     -- INTO takes the first
    texts := ARRAY(SELECT jsonb_array_elements_text(answer -> 'recommendations'));
    id := stored.id;
    IF id IS NULL THEN
        id := btwin._new_id();
        INSERT INTO btwin.burnout_risk_assessments (id, user_id, risk_score, risk_level, contributing_factors, warning_signals, recommendations,
                                                    confidence, assessment_date, intervention_applied)
        VALUES (id, learner, (answer ->> 'risk_score')::float8, answer ->> 'risk_level', answer -> 'contributing_factors', answer -> 'warning_signals', texts,
                (answer ->> 'confidence')::float8, moment, false);
        action := 'created';
    ELSIF stored.assessment_date > moment
          -- when a signal was first seen may be the moment itself
          OR (stored.risk_score, stored.risk_level, stored.contributing_factors, btwin._undated(stored.warning_signals), stored.recommendations, stored.confidence, stored.made_by)
             IS NOT DISTINCT FROM
             ((answer ->> 'risk_score')::float8, answer ->> 'risk_level', answer -> 'contributing_factors', btwin._undated(answer -> 'warning_signals'), texts,
              (answer ->> 'confidence')::float8, method) THEN
        action := 'kept';
        RETURN;
    ELSE
        -- the application may be noting an intervention
        PERFORM FROM btwin.burnout_risk_assessments a WHERE a.id = stored.id AND a.user_id = learner FOR UPDATE;
        UPDATE btwin.burnout_risk_assessments a
        SET risk_score = (answer ->> 'risk_score')::float8, risk_level = answer ->> 'risk_level', contributing_factors = answer -> 'contributing_factors',
            warning_signals = answer -> 'warning_signals', recommendations = texts, confidence = (answer ->> 'confidence')::float8, assessment_date = moment
        WHERE a.id = stored.id AND a.user_id = learner;
        action := 'updated';
    END IF;
    PERFORM btwin._record_provenance(learner, 'burnout_risk_assessments', id, method, version, moment, (answer #>> '{risk,evidence_count}')::integer,
                                     (answer #>> '{risk,low}')::float8, (answer #>> '{risk,high}')::float8);
END
$store_burnout$;
COMMENT ON FUNCTION btwin._store_burnout(text, text, timestamptz) IS
'Internal: what burnout_risk() answers, stored as the assessment of the learner''s local day. action: created, updated, kept (the same figures, or a later one of the day stands there), none (no score). Rows of the application are left alone.';

CREATE FUNCTION btwin_api.assess_burnout(user_id text DEFAULT NULL, method_is text DEFAULT 'btwin', as_of timestamptz DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER COST 5000
SET search_path = pg_catalog, pg_temp
AS $assess_burnout$
DECLARE
    moment  timestamptz;
    learner text;
    done    record;
    reason  text;
BEGIN
    PERFORM btwin._check_method(assess_burnout.method_is);
    moment := btwin._moment(assess_burnout.as_of);
    learner := btwin._caller(assess_burnout.user_id, true, true);
    PERFORM btwin._begin_write(learner);
    done := btwin._store_burnout(learner, assess_burnout.method_is, moment);
    IF done.action = 'none' THEN
        reason := done.answer #>> '{risk,reason}';
        PERFORM btwin._refuse('PT422', reason, CASE reason WHEN 'no_rows' THEN 'there are no rows to assess' ELSE 'there are too few rows to assess' END,
                              'Sessions, missions or measurements of the load are needed; burnout_risk() says the same without an error.');
    END IF;
    RETURN done.answer || jsonb_build_object('id', done.id, 'changed', done.action <> 'kept');
END
$assess_burnout$;
COMMENT ON FUNCTION btwin_api.assess_burnout(text, text, timestamptz) IS
'Risk of burnout, stored
user_id: learner, by default the caller. method_is: btwin or epic5, as for burnout_risk(). as_of: moment, by default now; it is the assessment''s.
Keys: those of burnout_risk() (last_assessment and recovery as before this call), id (of the row), changed (boolean: something was written).
Writes burnout_risk_assessments, with warning_signals and confidence, and where the row comes from: one row for each local day of the learner, updated in place; intervention_applied stays. Idempotent: the same figures again change nothing, nor does a moment before that of the row that stands there. Rows of the application are not touched.
Errors: PT400 missing_argument, not_allowed_value, out_of_range, user_required, not_attached; PT403 no_claim, forbidden, analysis_disabled; PT404 unknown_learner; PT422 no_rows, insufficient_data; 25006.
Source: Epic 5 domain model, 2.20. Reads what burnout_risk() reads.';
