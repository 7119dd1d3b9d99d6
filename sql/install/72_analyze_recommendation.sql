-- What is proposed to a learner: from sure habits, and from open insights of the
-- application.

CREATE FUNCTION btwin._store_recommendations(learner text, moment timestamptz, OUT created integer, OUT kept integer)
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $store_recommendations$
#variable_conflict use_column
DECLARE
    rule        CONSTANT text := 'recommendation-1';
    beginning   CONSTANT timestamptz := '2000-01-01 00:00:00+00';
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
    -- what it came from is gone: it rests on nothing, and may come back with it
    gone := ARRAY(SELECT r.id FROM btwin.recommendations r
                  JOIN btwin.provenance v ON v.user_id = learner AND v.kind = 'recommendations' AND v.id = r.id AND v.method = 'btwin'
                  WHERE r.user_id = learner AND r.applied_at IS NULL AND r.status <> 'DISMISSED'
                    AND NOT EXISTS (SELECT FROM btwin.behavioral_patterns p WHERE p.user_id = learner AND p.id = ANY (r.source_pattern_ids) AND p.confidence >= found_from)
                    AND NOT EXISTS (SELECT FROM btwin.behavioral_insights i WHERE i.user_id = learner AND i.id = ANY (r.source_insight_ids) AND i.acknowledged_at IS NULL));
    IF gone <> '{}' THEN
        UPDATE btwin.recommendations AS r SET status = 'DISMISSED', dismissed_at = at WHERE r.id = ANY (gone) AND r.user_id = learner;
        UPDATE btwin.provenance AS v SET evidence_count = 0 WHERE v.user_id = learner AND v.kind = 'recommendations' AND v.id = ANY (gone);
    END IF;

    FOR part IN
        WITH source AS (
            SELECT p.id AS pattern_id, ARRAY[p.id] AS pattern_ids,
                   ARRAY(SELECT i.id FROM btwin.insight_patterns l JOIN btwin.behavioral_insights i ON i.id = l.insight_id
                         WHERE l.pattern_id = p.id AND i.user_id = learner AND i.acknowledged_at IS NULL ORDER BY i.id) AS insight_ids,
                   t.recommendation_type, p.confidence, t.factor * p.confidence AS impact, t.ease, (p.confidence + least(1, p.occurrence_count / 5.0::float8)) / 2 AS readiness,
                   p.pattern_data, NULL::text[] AS texts, v.evidence_count, v.computed_for
            FROM btwin.behavioral_patterns p
            JOIN btwin.provenance v ON v.user_id = learner AND v.kind = 'behavioral_patterns' AND v.id = p.id AND v.method = 'btwin'
            JOIN (VALUES ('OPTIMAL_STUDY_TIME', 'STUDY_TIME_OPTIMIZATION', 0.85::float8, 0.70::float8), ('SESSION_DURATION_PREFERENCE', 'SESSION_DURATION_ADJUSTMENT', 0.75, 0.90),
                         ('CONTENT_TYPE_PREFERENCE', 'CONTENT_TYPE_BALANCE', 0.65, 0.75), ('FORGETTING_CURVE', 'RETENTION_STRATEGY', 0.80, 0.60))
                 AS t (pattern_type, recommendation_type, factor, ease) ON t.pattern_type = p.pattern_type
            WHERE p.user_id = learner AND p.confidence >= found_from
            UNION ALL
            (SELECT NULL, '{}', ARRAY[i.id],
                    CASE i.insight_type WHEN 'SESSION_LENGTH_ADJUSTMENT' THEN 'SESSION_DURATION_ADJUSTMENT' WHEN 'CONTENT_PREFERENCE' THEN 'CONTENT_TYPE_BALANCE' ELSE i.insight_type END,
                    i.confidence, 0.75 * i.confidence, 0.70, 0.80, NULL, ARRAY[i.title, i.description, i.actionable_recommendation], NULL, i.created_at
             FROM btwin.behavioral_insights_window(learner, beginning, moment + interval '1 microsecond') AS i
             WHERE i.acknowledged_at IS NULL AND i.confidence BETWEEN sure_from AND 1
               AND NOT EXISTS (SELECT FROM btwin.provenance v WHERE v.user_id = learner AND v.kind = 'behavioral_insights' AND v.id = i.id)
             ORDER BY i.confidence DESC, i.id LIMIT 10)
        ), ranked AS (
            SELECT s.*, 0.3 * s.confidence + 0.4 * s.impact + 0.2 * s.ease + 0.1 * s.readiness AS priority FROM source AS s
        )
        SELECT r.*, o.id AS open_id, o.computed_for AS open_for
        FROM (SELECT n.*, row_number() OVER (ORDER BY n.priority DESC, n.pattern_ids, n.insight_ids) AS place
              FROM (SELECT r.*, row_number() OVER (PARTITION BY r.recommendation_type ORDER BY r.priority DESC, r.pattern_ids, r.insight_ids) AS of_type FROM ranked AS r) AS n
              WHERE n.of_type <= 2) AS r
        LEFT JOIN LATERAL (SELECT w.id, v.computed_for
                           FROM btwin.recommendations_window(learner, beginning, moment + interval '1 microsecond') AS w
                           JOIN btwin.provenance v ON v.user_id = learner AND v.kind = 'recommendations' AND v.id = w.id AND v.method = 'btwin'
                           WHERE w.applied_at IS NULL AND w.status <> 'DISMISSED'
                             AND CASE WHEN r.pattern_id IS NULL THEN w.source_insight_ids = r.insight_ids ELSE w.source_pattern_ids = r.pattern_ids END
                           ORDER BY w.created_at, w.id LIMIT 1) AS o ON true
        WHERE r.place <= 5
        ORDER BY r.place
    LOOP
        IF part.open_id IS NOT NULL THEN
            kept := kept + 1;
            CONTINUE WHEN part.open_for >= part.computed_for;
        ELSIF part.confidence < sure_from THEN
            CONTINUE;
        END IF;
        texts := coalesce(part.texts, btwin._habit_texts(part.pattern_data ->> 'slot', part.pattern_data, '{recommendation.title,recommendation.description,recommendation.action}'));
        IF part.open_id IS NOT NULL THEN
            UPDATE btwin.recommendations AS r
            SET title = texts[1], description = texts[2], actionable_text = texts[3], confidence = part.confidence, estimated_impact = part.impact,
                user_readiness = part.readiness, priority_score = part.priority, source_insight_ids = part.insight_ids
            WHERE r.id = part.open_id AND r.user_id = learner;
            new_id := part.open_id;
        ELSE
            -- what is open, was followed, or dismissed by the learner, is not proposed again
            CONTINUE WHEN EXISTS (SELECT FROM btwin.recommendations_window(learner, beginning, moment + interval '1 microsecond') AS w
                                  LEFT JOIN btwin.provenance v ON v.user_id = learner AND v.kind = 'recommendations' AND v.id = w.id
                                  WHERE w.recommendation_type = part.recommendation_type AND w.title = texts[1] AND v.evidence_count IS DISTINCT FROM 0);
            new_id := btwin._new_id();
            INSERT INTO btwin.recommendations (id, user_id, recommendation_type, title, description, actionable_text, confidence, estimated_impact, ease_of_implementation,
                                               user_readiness, priority_score, status, source_pattern_ids, source_insight_ids, created_at)
            VALUES (new_id, learner, part.recommendation_type, texts[1], texts[2], texts[3], part.confidence, part.impact, part.ease,
                    part.readiness, part.priority, 'PENDING', part.pattern_ids, part.insight_ids, at);
            created := created + 1;
        END IF;
        PERFORM btwin._record_provenance(learner, 'recommendations', new_id, 'btwin', rule, greatest(part.computed_for, part.open_for), part.evidence_count, NULL, NULL);
    END LOOP;
END
$store_recommendations$;
COMMENT ON FUNCTION btwin._store_recommendations(text, timestamptz) IS
'Internal: a recommendation for each stored habit of confidence 0.7 and more, and for up to 10 open insights of the application: the 5 of the highest priority, at most 2 of a type, that are not there yet. Open ones follow their habit and are dismissed, with an evidence_count of 0, when it falls below 0.6, or the insight is acknowledged; what has the title of another one is not proposed again. created: new ones, kept: open ones that were there. Epic 5 domain model, 2.29.';
