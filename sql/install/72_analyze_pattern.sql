-- Habits of a learner as stored rows: found, followed while the evidence for them
-- changes, and removed when it is gone.
--
-- A habit is a slot, not a value: there is one for the hours of the day, one for the
-- length of a session, one for the kind of content, one for the speed of forgetting.
-- Its id is worked out from learner and slot, so that it is the same pattern when
-- the best hour moves, and when it comes back. How sure it is says the family
-- (doc/pattern.md, doc/forgetting.md), from the rows alone: never how often it was
-- looked for.

INSERT INTO btwin.phrase (locale, key, phrase) VALUES
    ('en', 'habit.hours.name',                          'Studies best from %1$s to %2$s'),
    ('en', 'habit.hours.evidence',                      'Sessions begun from %1$s to %2$s scored higher than others by %4$s to %5$s points of 100; %3$s are expected to last.'),
    ('en', 'habit.hours.rows',                          'Sessions in these hours: %6$s; days: %7$s.'),
    ('en', 'habit.hours.insight.title',                 'You study best from %1$s to %2$s'),
    ('en', 'habit.hours.insight.description',           'Sessions that you begin from %1$s to %2$s score higher: %3$s points of 100 are expected to last. Sessions behind this: %6$s; days: %7$s.'),
    ('en', 'habit.hours.insight.action',                'Put the hardest material between %1$s and %2$s.'),
    ('en', 'habit.hours.recommendation.title',          'Plan study from %1$s to %2$s'),
    ('en', 'habit.hours.recommendation.description',    'From %1$s to %2$s your sessions score higher than at other hours, by %4$s to %5$s points of 100.'),
    ('en', 'habit.hours.recommendation.action',         'Begin your next sessions at %1$s.'),
    ('en', 'habit.length.name',                         'Sessions of up to %1$s minutes go best'),
    ('en', 'habit.length.evidence',                     'Beyond %2$s minutes (%3$s to %4$s) the score falls by %5$s points of 100 for every ten minutes.'),
    ('en', 'habit.length.rows',                         'Sessions: %6$s; days: %7$s.'),
    ('en', 'habit.length.insight.title',                'Your sessions go best up to %1$s minutes'),
    ('en', 'habit.length.insight.description',          'Beyond %2$s minutes your score falls by %5$s points of 100 for every ten minutes. Sessions behind this: %6$s; days: %7$s.'),
    ('en', 'habit.length.insight.action',               'End a session after %1$s minutes, and take a break before the next.'),
    ('en', 'habit.length.recommendation.title',         'Keep sessions to %1$s minutes'),
    ('en', 'habit.length.recommendation.description',   'Longer sessions cost you %5$s points of 100 for every ten minutes beyond %2$s.'),
    ('en', 'habit.length.recommendation.action',        'Set the length of your sessions to %1$s minutes.'),
    ('en', 'habit.content.name',                        'Does best with %1$s'),
    ('en', 'habit.content.evidence',                    'Sessions with %1$s scored higher than others by %4$s to %5$s points of 100; %3$s are expected to last.'),
    ('en', 'habit.content.rows',                        'Sessions with it: %6$s; days: %7$s.'),
    ('en', 'habit.content.insight.title',               'You do best with %1$s'),
    ('en', 'habit.content.insight.description',         'Sessions with %1$s score higher: %3$s points of 100 are expected to last. Sessions behind this: %6$s; days: %7$s.'),
    ('en', 'habit.content.insight.action',              'Use %1$s for what is new or hard.'),
    ('en', 'habit.content.recommendation.title',        'Give %1$s a tenth more of your time'),
    ('en', 'habit.content.recommendation.description',  'Your sessions with %1$s score higher than those with other content, by %4$s to %5$s points of 100.'),
    ('en', 'habit.content.recommendation.action',       'Choose %1$s for your next session.'),
    ('en', 'habit.shorter.name',                        'Forgets sooner than usual'),
    ('en', 'habit.shorter.evidence',                    'Half of what is known is forgotten in %1$s days (%2$s to %3$s); usual are %4$s.'),
    ('en', 'habit.shorter.rows',                        'Reviews: %6$s.'),
    ('en', 'habit.shorter.insight.title',               'You forget sooner than usual'),
    ('en', 'habit.shorter.insight.description',         'Half of what you know is forgotten in %1$s days; usual are %4$s. Reviews behind this: %6$s.'),
    ('en', 'habit.shorter.insight.action',              'Review more often: days until the next review, at most: %5$s.'),
    ('en', 'habit.shorter.recommendation.title',        'Review more often'),
    ('en', 'habit.shorter.recommendation.description',  'You lose half of what you know in %1$s days (%2$s to %3$s), sooner than usual.'),
    ('en', 'habit.shorter.recommendation.action',       'Days until a review, at most: %5$s.'),
    ('en', 'habit.longer.name',                         'Remembers longer than usual'),
    ('en', 'habit.longer.evidence',                     'Half of what is known is forgotten in %1$s days (%2$s to %3$s); usual are %4$s.'),
    ('en', 'habit.longer.rows',                         'Reviews: %6$s.'),
    ('en', 'habit.longer.insight.title',                'You remember longer than usual'),
    ('en', 'habit.longer.insight.description',          'Half of what you know is forgotten in %1$s days; usual are %4$s. Reviews behind this: %6$s.'),
    ('en', 'habit.longer.insight.action',               'Review less often: days until the next review: %5$s.'),
    ('en', 'habit.longer.recommendation.title',         'Review less often'),
    ('en', 'habit.longer.recommendation.description',   'You lose half of what you know in %1$s days (%2$s to %3$s), later than usual: time for new material.'),
    ('en', 'habit.longer.recommendation.action',        'Days until a review: %5$s.'),
    ('en', 'notification.NEW_PATTERN',                  'A habit was found'),
    ('en', 'notification.NEW_INSIGHT',                  'A new insight');

CREATE FUNCTION btwin._habit_id(learner text, slot text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $habit_id$
SELECT 'c' OPERATOR(pg_catalog.||) pg_catalog.left(pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(slot OPERATOR(pg_catalog.||) ':' OPERATOR(pg_catalog.||) learner, 'UTF8')), 'hex'), 24)
$habit_id$;
COMMENT ON FUNCTION btwin._habit_id(text, text) IS
'Internal: the id of a learner''s pattern of a slot.';

-- The confidence from which on a habit is stored and acted upon, and the one from
-- which on it is told and proposed.
CREATE FUNCTION btwin._found_from() RETURNS float8
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $found_from$
SELECT 0.6::pg_catalog.float8
$found_from$;
COMMENT ON FUNCTION btwin._found_from() IS
'Internal: the confidence from which on a habit counts as found.';

CREATE FUNCTION btwin._sure_from() RETURNS float8
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $sure_from$
SELECT 0.7::pg_catalog.float8
$sure_from$;
COMMENT ON FUNCTION btwin._sure_from() IS
'Internal: the confidence from which on something follows from a habit: an insight, a recommendation.';

CREATE FUNCTION btwin._usual_half_life() RETURNS float8
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $usual_half_life$
BEGIN
    RETURN (SELECT c.half_life FROM (SELECT btwin.forgetting_agg(NULL::float8, NULL::boolean) AS nothing) AS e CROSS JOIN LATERAL btwin.curve(e.nothing) AS c);
END
$usual_half_life$;
COMMENT ON FUNCTION btwin._usual_half_life() IS
'Internal: half-life in days that is assumed of a learner without reviews.';

CREATE FUNCTION btwin._habits(hours btwin.pattern, lengths btwin.pattern, contents btwin.pattern, half_life float8, half_life_low float8, half_life_high float8,
                              initial_retention float8, decay_rate float8, reviews bigint, shares jsonb)
RETURNS TABLE (slot text, pattern_type text, confidence float8, evidence_count integer, days integer, said jsonb, details jsonb)
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 4
SET search_path = pg_catalog, pg_temp
AS $habits$
#variable_conflict use_column
DECLARE
    -- what differs by less does not matter
    margin  CONSTANT float8 := ln(1.25::float8);
    usual   float8;
    spread  float8;
    after   float8;
BEGIN
    RETURN QUERY
    SELECT 'hours', 'OPTIMAL_STUDY_TIME', w.confidence, w.evidence_count::integer, w.days::integer,
           jsonb_build_object('startHour', w.window_start, 'endHour', w.window_end),
           jsonb_build_object('hourOfDay', w.window_start, 'sessionCount', w.evidence_count, 'effect', w.effect, 'effect_low', w.effect_low, 'effect_high', w.effect_high,
                              'shrunkEffect', w.shrunk_effect, 'habitConfidence', w.habit_confidence, 'replication', w.replication)
    FROM btwin.best_window(hours, 3, 24, 0) AS w WHERE w.reason IS NULL AND w.confidence IS NOT NULL;
    RETURN QUERY
    SELECT 'content', 'CONTENT_TYPE_PREFERENCE', b.confidence, b.evidence_count::integer, b.days::integer,
           jsonb_build_object('topContentType', b.bucket),
           jsonb_build_object('sessionCount', b.evidence_count, 'effect', b.effect, 'effect_low', b.effect_low, 'effect_high', b.effect_high,
                              'shrunkEffect', b.shrunk_effect, 'replication', b.replication, 'contentPreferences', shares, 'effectiveness', s.share,
                              'recommendedShare', round(least(1, s.share + 0.1)::numeric, 2))
    FROM btwin.best_bucket(contents, 0) AS b
    CROSS JOIN LATERAL (SELECT btwin._json_number(shares -> CASE b.bucket WHEN 'lecture' THEN 'lectures' WHEN 'flashcard' THEN 'flashcards' WHEN 'clinical_reasoning' THEN 'clinicalReasoning'
                                                                          ELSE b.bucket END)) AS s (share)
    WHERE b.reason IS NULL AND b.confidence IS NOT NULL;
    RETURN QUERY
    -- the score falls with the distance, so what is better is turned round
    SELECT 'length', 'SESSION_DURATION_PREFERENCE', l.confidence, l.evidence_count::integer, l.days::integer,
           jsonb_build_object('recommendedDuration', greatest(30, least(90, 5 * round(l.limit_at / 5)))),
           jsonb_build_object('limitAt', l.limit_at, 'limitLow', l.limit_low, 'limitHigh', l.limit_high, 'slope', l.slope, 'totalSessionsAnalyzed', l.evidence_count,
                              'effect', - l.effect, 'effect_low', - l.effect * l.slope_high / l.slope, 'effect_high', - l.effect * l.slope_low / l.slope)
    -- where hardly anything speaks for it the slope may be 0
    FROM btwin.best_limit(lengths, 0) AS l WHERE l.reason IS NULL AND l.slope < 0;

    IF half_life > 0 AND reviews > 0 THEN
        usual := btwin._usual_half_life();
        -- the interval is one of the logarithm
        spread := ln(half_life_high / half_life_low) / (2 * 1.959963984540054);
        after := greatest(1, round(ln(initial_retention / 0.7) / decay_rate));
        RETURN QUERY
        SELECT 'curve', 'FORGETTING_CURVE', btwin.normal_cdf((abs(ln(half_life / usual)) - margin) / spread), reviews::integer, reviews::integer,
               jsonb_build_object('direction', CASE WHEN half_life < usual THEN 'shorter' ELSE 'longer' END),
               jsonb_build_object('R0', initial_retention, 'k', decay_rate, 'halfLife', half_life, 'halfLifeLow', half_life_low, 'halfLifeHigh', half_life_high,
                                  'usualHalfLife', usual, 'deviation', 100 * (half_life / usual - 1), 'reviewIntervalDays', after, 'reviewCount', reviews,
                                  'effect', half_life - usual, 'effect_low', half_life_low - usual, 'effect_high', half_life_high - usual)
        WHERE spread > 0;
    END IF;
END
$habits$;
COMMENT ON FUNCTION btwin._habits(btwin.pattern, btwin.pattern, btwin.pattern, float8, float8, float8, float8, float8, bigint, jsonb) IS
'Internal: the best candidate of each slot, with the probability that it is one. hours: the three hours of the day with the better scores; length: the minutes beyond which scores fall; content: the kind with the better scores; curve: the half-life is longer than usual by a quarter, or usual is longer than it. said: what a text says of it, details: the rest of pattern_data. No row for a slot without rows to judge. Epic 5 domain model, 2.1, 2.2, 2.5, 2.6, 2.9, by doc/pattern.md and doc/forgetting.md.';

CREATE FUNCTION btwin._habit_steps(slot text, said jsonb, confidence float8, hours btwin.pattern, contents btwin.pattern) RETURNS jsonb
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $habit_steps$
DECLARE
    prior float8;
BEGIN
    IF slot = 'hours' THEN
        -- the confidence of a window is the mean of its hours'
        RETURN (SELECT jsonb_agg(jsonb_build_object('factor', s.factor, 'value', s.value, 'contribution', s.contribution) ORDER BY s.place)
                FROM (SELECT c.place, c.factor, avg(c.value) AS value, sum(c.contribution) / 3 AS contribution
                      FROM generate_series(0, 2) AS h (number)
                      CROSS JOIN LATERAL btwin.contributions(hours, ((said ->> 'startHour')::integer + h.number) % 24, 3, 24)
                                         WITH ORDINALITY AS c (factor, value, weight, contribution, place)
                      GROUP BY c.place, c.factor) AS s);
    ELSIF slot = 'content' THEN
        RETURN (SELECT jsonb_agg(jsonb_build_object('factor', c.factor, 'value', c.value, 'contribution', c.contribution) ORDER BY c.place)
                FROM btwin.contributions(contents, said ->> 'topContentType') WITH ORDINALITY AS c (factor, value, weight, contribution, place));
    END IF;
    -- scores fall with the length; a half-life is longer by a quarter, before any review
    prior := CASE slot WHEN 'length' THEN 0.4 ELSE btwin.normal_cdf(- ln(1.25::float8)) END;
    RETURN jsonb_build_array(jsonb_build_object('factor', 'prior', 'value', prior, 'contribution', prior),
                             jsonb_build_object('factor', 'evidence', 'value', confidence - prior, 'contribution', confidence - prior));
END
$habit_steps$;
COMMENT ON FUNCTION btwin._habit_steps(text, jsonb, float8, btwin.pattern, btwin.pattern) IS
'Internal: what the confidence of a habit is made of, as pattern_data keeps it for explain_pattern: the steps of btwin.contributions; for length and curve the prior and what the rows make of it.';

CREATE FUNCTION btwin._habit_texts(slot text, pattern_data jsonb, texts text[]) RETURNS text[]
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $habit_texts$
DECLARE
    d       CONSTANT jsonb := pattern_data;
    stem    CONSTANT text := 'habit.' || CASE slot WHEN 'curve' THEN d ->> 'direction' ELSE slot END || '.';
    words   text[];
BEGIN
    words := CASE slot
        WHEN 'hours' THEN
            ARRAY[lpad(d ->> 'startHour', 2, '0') || ':00', lpad(d ->> 'endHour', 2, '0') || ':00', round(100 * btwin._json_number(d -> 'shrunkEffect')::numeric)::text,
                  round(100 * btwin._json_number(d -> 'effect_low')::numeric)::text, round(100 * btwin._json_number(d -> 'effect_high')::numeric)::text, d ->> 'sessionCount', d ->> 'days']
        WHEN 'content' THEN
            ARRAY[replace(d ->> 'topContentType', '_', ' '), '', round(100 * btwin._json_number(d -> 'shrunkEffect')::numeric)::text,
                  round(100 * btwin._json_number(d -> 'effect_low')::numeric)::text, round(100 * btwin._json_number(d -> 'effect_high')::numeric)::text, d ->> 'sessionCount', d ->> 'days']
        WHEN 'length' THEN
            ARRAY[d ->> 'recommendedDuration', round(btwin._json_number(d -> 'limitAt')::numeric)::text, round(btwin._json_number(d -> 'limitLow')::numeric)::text, round(btwin._json_number(d -> 'limitHigh')::numeric)::text,
                  round(-1000 * btwin._json_number(d -> 'slope')::numeric)::text, d ->> 'totalSessionsAnalyzed', d ->> 'days']
        ELSE
            ARRAY[round(btwin._json_number(d -> 'halfLife')::numeric)::text, round(btwin._json_number(d -> 'halfLifeLow')::numeric)::text, round(btwin._json_number(d -> 'halfLifeHigh')::numeric)::text,
                  round(btwin._json_number(d -> 'usualHalfLife')::numeric)::text, d ->> 'reviewIntervalDays', d ->> 'reviewCount'] END;
    RETURN ARRAY(SELECT format(r.phrase, VARIADIC words) FROM btwin._phrase_rows(ARRAY(SELECT stem || t FROM unnest(texts) AS t)) AS r ORDER BY r.place);
END
$habit_texts$;
COMMENT ON FUNCTION btwin._habit_texts(text, jsonb, text[]) IS
'Internal: texts about a habit, with its numbers.';

CREATE FUNCTION btwin._store_habits(learner text, moment timestamptz, hours btwin.pattern, lengths btwin.pattern, contents btwin.pattern,
                                    half_life float8, half_life_low float8, half_life_high float8, initial_retention float8, decay_rate float8, reviews bigint, shares jsonb,
    OUT created integer, OUT updated integer, OUT weakened integer, OUT removed integer)
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $store_habits$
#variable_conflict use_column
DECLARE
    rule        CONSTANT text := 'pattern-1';
    -- found from here on, kept down to there
    found_from  CONSTANT float8 := btwin._found_from();
    kept_from   CONSTANT float8 := 0.4;
    -- what is less than this is told once a week
    step        CONSTANT float8 := 0.05;
    week        CONSTANT interval := '168 hours';
    -- tables of applications keep milliseconds
    at          CONSTANT timestamptz := date_trunc('milliseconds', moment);
    part        record;
    change      text;
    earlier     text;
    document    jsonb;
    texts       text[];
BEGIN
    created := 0;
    updated := 0;
    weakened := 0;
    removed := 0;
    FOR part IN
        SELECT coalesce(h.id, s.id) AS id, coalesce(h.slot, s.pattern_data ->> 'slot') AS slot, coalesce(h.pattern_type, s.pattern_type) AS pattern_type,
               h.confidence, h.evidence_count, h.days, h.said, h.details, coalesce(h.confidence >= found_from, false) AS is_found,
               s.id IS NOT NULL AS is_stored, s.confidence AS stored_confidence, s.pattern_data, s.pattern_name, s.evidence,
               v.evidence_count AS stored_count, v.version, v.computed_for
        FROM (SELECT btwin._habit_id(learner, h.slot) AS id, h.*
              FROM btwin._habits(hours, lengths, contents, half_life, half_life_low, half_life_high, initial_retention, decay_rate, reviews, shares) AS h) AS h
        FULL JOIN (SELECT p.* FROM btwin.behavioral_patterns p
                   WHERE p.user_id = learner AND p.id = ANY (ARRAY(SELECT btwin._habit_id(learner, n) FROM unnest('{hours,content,length,curve}'::text[]) AS n))) AS s ON s.id = h.id
        LEFT JOIN btwin.provenance v ON v.user_id = learner AND v.kind = 'behavioral_patterns' AND v.id = s.id
        ORDER BY 1
    LOOP
        change := CASE WHEN NOT part.is_stored THEN CASE WHEN part.is_found THEN 'CREATED' END
                       WHEN part.confidence IS NULL OR part.confidence < kept_from THEN 'REMOVED'
                       -- the same rows say the same
                       WHEN abs(part.confidence - part.stored_confidence) < 1e-9 AND part.evidence_count = part.stored_count AND part.pattern_data @> part.said AND part.version = rule THEN NULL
                       WHEN abs(part.confidence - part.stored_confidence) < step AND part.is_found = (part.stored_confidence >= found_from)
                            AND part.pattern_data @> part.said AND part.version = rule AND part.computed_for > moment - week THEN NULL
                       WHEN part.is_found THEN 'UPDATED'
                       ELSE 'WEAKENED' END;
        CONTINUE WHEN change IS NULL;

        IF change = 'REMOVED' THEN
            DELETE FROM btwin.insight_patterns l WHERE l.pattern_id = part.id;
            DELETE FROM btwin.behavioral_patterns p WHERE p.id = part.id AND p.user_id = learner;
            DELETE FROM btwin.provenance v WHERE v.user_id = learner AND v.kind = 'behavioral_patterns' AND v.id = part.id;
            document := part.pattern_data;
            texts := ARRAY[part.pattern_name] || part.evidence;
            removed := removed + 1;
        ELSE
            document := jsonb_build_object('slot', part.slot, 'days', part.days) || part.said || part.details
                     || jsonb_build_object('contributions', btwin._habit_steps(part.slot, part.said, part.confidence, hours, contents));
            texts := btwin._habit_texts(part.slot, document, '{name,evidence,rows}');
            IF change = 'CREATED' THEN
                INSERT INTO btwin.behavioral_patterns (id, user_id, pattern_type, pattern_data, confidence, first_detected_at, last_seen_at, pattern_name, evidence, occurrence_count, detected_at)
                VALUES (part.id, learner, part.pattern_type, document, part.confidence, at, at, texts[1], texts[2:], part.days, at);
                PERFORM btwin._notify(learner, 'NEW_PATTERN', btwin._phrase_of('notification.NEW_PATTERN'), texts[1], 'NORMAL', 'pattern', part.id, at);
                created := created + 1;
            ELSE
                -- seen is what was found
                UPDATE btwin.behavioral_patterns AS p
                SET pattern_data = document, confidence = part.confidence, pattern_name = texts[1], evidence = texts[2:], occurrence_count = part.days,
                    last_seen_at = CASE WHEN change = 'UPDATED' THEN at ELSE p.last_seen_at END
                WHERE p.id = part.id AND p.user_id = learner;
                updated := updated + (change = 'UPDATED')::integer;
                weakened := weakened + (change = 'WEAKENED')::integer;
            END IF;
            PERFORM btwin._record_provenance(learner, 'behavioral_patterns', part.id, 'btwin', rule, moment, part.evidence_count, NULL, NULL);
        END IF;

        -- of two changes at one moment the later one stands
        DELETE FROM btwin.pattern_history h WHERE h.user_id = learner AND h.pattern_id = part.id AND h.changed_at = moment RETURNING h.change INTO earlier;
        INSERT INTO btwin.pattern_history (user_id, pattern_id, changed_at, change, pattern_type, pattern_name, confidence, evidence_count, pattern_data, method, version)
        VALUES (learner, part.id, moment, CASE WHEN earlier = 'CREATED' AND change <> 'REMOVED' THEN earlier ELSE change END, part.pattern_type, texts[1],
                part.confidence, part.evidence_count, document || jsonb_build_object('evidence', texts[2:]), 'btwin', rule);
    END LOOP;
END
$store_habits$;
COMMENT ON FUNCTION btwin._store_habits(text, timestamptz, btwin.pattern, btwin.pattern, btwin.pattern, float8, float8, float8, float8, float8, bigint, jsonb) IS
'Internal: brings a learner''s stored habits up to a moment and counts what changed. A habit is stored from a confidence of 0.6 on; below that it is weakened, below 0.4, or without rows, removed. A stored one is written again when its confidence moved by 0.05, crossed 0.6, or says something else, and once a week when anything else changed; each time with a row of btwin.pattern_history. Epic 5 domain model, 2.1.';
