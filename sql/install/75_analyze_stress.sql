-- Stress patterns, stored: what btwin_api.stress_profile() finds at a moment, each
-- under one key for as long as it holds.

INSERT INTO btwin.analysis_step (position, step, function, comment) VALUES
    (50, 'stress', 'btwin._analyze_stress', 'stress patterns');

CREATE FUNCTION btwin._analyze_stress(learner text, moment timestamptz) RETURNS jsonb
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan
AS $analyze_stress$
#variable_conflict use_column
DECLARE
    rule_version CONSTANT text := 'stress-1';
    -- a table of an application may keep milliseconds
    stored_at   timestamptz := date_trunc('milliseconds', moment);
    counts      jsonb;
BEGIN
    WITH found AS (
        -- 9 digits: the order in which rows are read makes no difference
        SELECT f.type, f.key, f.session_count, f.confidence,
               jsonb_build_object('type', f.type, 'key', f.key, 'label', f.label, 'mean_load', round(f.mean_load, 9), 'session_count', f.session_count) AS pattern_data
        FROM jsonb_to_recordset((btwin._stressors(learner, moment)).stressors)
             AS f (type text, key text, label text, mean_load numeric, session_count integer, confidence float8)
    ), stored AS (
        -- what the application wrote is its own
        SELECT r.id, r.pattern_data, r.confidence
        FROM btwin.stress_response_patterns r
        JOIN btwin.provenance p ON p.user_id = learner AND p.kind = 'stress_response_patterns' AND p.id = r.id
        WHERE r.user_id = learner
    ), compared AS MATERIALIZED (
        SELECT coalesce(s.id, btwin._new_id()) AS id, f.pattern_data, f.confidence, f.session_count,
               CASE WHEN s.id IS NULL THEN 'created' WHEN f.type IS NULL THEN 'removed' ELSE 'updated' END AS step
        FROM found AS f FULL JOIN stored AS s ON s.pattern_data ->> 'type' = f.type AND s.pattern_data ->> 'key' = f.key
        WHERE (s.pattern_data, s.confidence) IS DISTINCT FROM (f.pattern_data, f.confidence)
    ), created AS (
        INSERT INTO btwin.stress_response_patterns (id, user_id, pattern_data, confidence, detected_at)
        SELECT c.id, learner, c.pattern_data, c.confidence, stored_at FROM compared AS c WHERE c.step = 'created'
    ), updated AS (
        UPDATE btwin.stress_response_patterns r SET pattern_data = c.pattern_data, confidence = c.confidence
        FROM compared AS c WHERE c.step = 'updated' AND r.id = c.id AND r.user_id = learner
    ), removed AS (
        DELETE FROM btwin.stress_response_patterns r USING compared AS c WHERE c.step = 'removed' AND r.id = c.id AND r.user_id = learner
    ), noted AS (
        INSERT INTO btwin.provenance (user_id, kind, id, method, version, computed_for, evidence_count)
        SELECT learner, 'stress_response_patterns', c.id, 'btwin', rule_version, moment, c.session_count FROM compared AS c WHERE c.step <> 'removed'
        ON CONFLICT (user_id, kind, id) DO UPDATE
        SET method = excluded.method, version = excluded.version, computed_for = excluded.computed_for, evidence_count = excluded.evidence_count
    ), forgotten AS (
        DELETE FROM btwin.provenance p USING compared AS c
        WHERE c.step = 'removed' AND p.user_id = learner AND p.kind = 'stress_response_patterns' AND p.id = c.id
    )
    SELECT jsonb_build_object('created', count(*) FILTER (WHERE c.step = 'created'), 'updated', count(*) FILTER (WHERE c.step = 'updated'),
                              'removed', count(*) FILTER (WHERE c.step = 'removed'))
    INTO counts FROM compared AS c;
    RETURN counts;
END
$analyze_stress$;
COMMENT ON FUNCTION btwin._analyze_stress(text, timestamptz) IS
'Internal: stores what the learner is stressed by in stress_response_patterns, with its provenance. pattern_data: type (TOPIC, HOUR, EXAM_PROXIMITY) and key (course, hour, week) say which one it is; label, mean_load 0 to 100, session_count. A pattern keeps its row and detected_at while it holds, and goes when it does not; rows of the application are left alone. Answers {created, updated, removed}; writes nothing where nothing changed. Epic 5 domain model, 2.36.';
