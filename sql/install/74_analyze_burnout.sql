-- Nightly: one assessment of burnout for each learner and local day.

CREATE FUNCTION btwin._analyze_burnout(learner text, moment timestamptz) RETURNS jsonb
LANGUAGE plpgsql VOLATILE COST 5000
SET search_path = pg_catalog, pg_temp
AS $analyze_burnout$
DECLARE
    done record := btwin._store_burnout(learner, 'btwin', moment);
BEGIN
    RETURN jsonb_build_object('created', (done.action = 'created')::integer, 'updated', (done.action = 'updated')::integer,
                              'risk_level', done.answer -> 'risk_level', 'reason', done.answer #> '{risk,reason}');
END
$analyze_burnout$;
COMMENT ON FUNCTION btwin._analyze_burnout(text, timestamptz) IS
'Internal: what assess_burnout() stores, for the nightly analysis. Keys: created, updated (0 or 1), risk_level, reason (why there is none: no_rows, insufficient_data; then nothing is stored).';

INSERT INTO btwin.analysis_step (position, step, function, comment) VALUES
    (40, 'burnout', 'btwin._analyze_burnout', 'one assessment of burnout for each local day');
