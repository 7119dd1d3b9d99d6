-- What follows from habits: one open insight for each sure one, taken back when the
-- habit goes.

CREATE FUNCTION btwin._store_insights(learner text, moment timestamptz, OUT created integer, OUT kept integer)
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $store_insights$
#variable_conflict use_column
DECLARE
    rule        CONSTANT text := 'insight-1';
    found_from  CONSTANT float8 := btwin._found_from();
    sure_from   CONSTANT float8 := btwin._sure_from();
    at          CONSTANT timestamptz := date_trunc('milliseconds', moment);
    gone        text[];
    part        record;
    texts       text[];
    new_id      text;
BEGIN
    created := 0;
    kept := 0;
    gone := ARRAY(SELECT i.id FROM btwin.behavioral_insights i
                  JOIN btwin.provenance v ON v.user_id = learner AND v.kind = 'behavioral_insights' AND v.id = i.id AND v.method = 'btwin'
                  WHERE i.user_id = learner AND i.acknowledged_at IS NULL
                    AND NOT EXISTS (SELECT FROM btwin.insight_patterns l JOIN btwin.behavioral_patterns p ON p.id = l.pattern_id AND p.user_id = learner
                                    WHERE l.insight_id = i.id AND p.confidence >= found_from));
    IF gone <> '{}' THEN
        DELETE FROM btwin.insight_patterns l WHERE l.insight_id = ANY (gone);
        DELETE FROM btwin.behavioral_insights i WHERE i.id = ANY (gone) AND i.user_id = learner;
        DELETE FROM btwin.provenance v WHERE v.user_id = learner AND v.kind = 'behavioral_insights' AND v.id = ANY (gone);
    END IF;

    FOR part IN
        SELECT p.id, p.pattern_data, p.confidence, v.evidence_count, v.computed_for, o.id AS open_id, o.computed_for AS open_for,
               CASE p.pattern_type WHEN 'OPTIMAL_STUDY_TIME' THEN 'STUDY_TIME_OPTIMIZATION' WHEN 'SESSION_DURATION_PREFERENCE' THEN 'SESSION_LENGTH_ADJUSTMENT'
                                   WHEN 'CONTENT_TYPE_PREFERENCE' THEN 'CONTENT_PREFERENCE' WHEN 'FORGETTING_CURVE' THEN 'RETENTION_STRATEGY' END AS insight_type
        FROM btwin.behavioral_patterns p
        JOIN btwin.provenance v ON v.user_id = learner AND v.kind = 'behavioral_patterns' AND v.id = p.id AND v.method = 'btwin'
        LEFT JOIN LATERAL (SELECT i.id, w.computed_for
                           FROM btwin.insight_patterns l JOIN btwin.behavioral_insights i ON i.id = l.insight_id
                           JOIN btwin.provenance w ON w.user_id = learner AND w.kind = 'behavioral_insights' AND w.id = i.id AND w.method = 'btwin'
                           WHERE l.pattern_id = p.id AND i.user_id = learner AND i.acknowledged_at IS NULL
                           ORDER BY i.created_at, i.id LIMIT 1) AS o ON true
        WHERE p.user_id = learner AND p.confidence >= CASE WHEN o.id IS NULL THEN sure_from ELSE found_from END
        ORDER BY p.id
    LOOP
        IF part.open_id IS NOT NULL THEN
            kept := kept + 1;
            CONTINUE WHEN part.open_for >= part.computed_for;
        END IF;
        texts := btwin._habit_texts(part.pattern_data ->> 'slot', part.pattern_data, '{insight.title,insight.description,insight.action}');
        IF part.open_id IS NOT NULL THEN
            UPDATE btwin.behavioral_insights AS i
            SET title = texts[1], description = texts[2], actionable_recommendation = texts[3], confidence = part.confidence
            WHERE i.id = part.open_id AND i.user_id = learner;
            new_id := part.open_id;
        ELSE
            -- who has acknowledged it is not told the same again
            CONTINUE WHEN EXISTS (SELECT FROM btwin.insight_patterns l JOIN btwin.behavioral_insights i ON i.id = l.insight_id
                                  WHERE l.pattern_id = part.id AND i.user_id = learner AND i.title = texts[1]);
            new_id := btwin._new_id();
            INSERT INTO btwin.behavioral_insights (id, user_id, insight_type, title, description, actionable_recommendation, confidence, created_at, applied)
            VALUES (new_id, learner, part.insight_type, texts[1], texts[2], texts[3], part.confidence, at, false);
            INSERT INTO btwin.insight_patterns (id, insight_id, pattern_id) VALUES (btwin._new_id(), new_id, part.id);
            PERFORM btwin._notify(learner, 'NEW_INSIGHT', btwin._phrase_of('notification.NEW_INSIGHT'), texts[1], 'NORMAL', 'insight', new_id, at);
            created := created + 1;
        END IF;
        PERFORM btwin._record_provenance(learner, 'behavioral_insights', new_id, 'btwin', rule, part.computed_for, part.evidence_count, NULL, NULL);
    END LOOP;
END
$store_insights$;
COMMENT ON FUNCTION btwin._store_insights(text, timestamptz) IS
'Internal: an open insight for each stored habit of confidence 0.7 and more that has none, unless the learner has acknowledged the same one; open ones follow their habit, and are removed when it falls below 0.6. created: new ones, kept: open ones that were there. Epic 5 domain model, 2.10.';
