-- The reference's struggle rules, faults included (Epic 5 domain model, 2.11 to 2.13 and 2.18)

CREATE FUNCTION btwin.epic5_struggle(features float8[],
    OUT probability float8, OUT baseline float8, OUT confidence float8, OUT data_quality float8,
    OUT risk_level text, OUT top_features text[], OUT risk_factors text[], OUT protective_factors text[])
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'epic5_struggle_rule';
COMMENT ON FUNCTION btwin.epic5_struggle(float8[]) IS
'The web rule (Epic 5 domain model, 2.12) over the 15 features of struggle_features(), each 0 to 1, the reference''s default for NULL: sum of triggered terms; below 0.4 at least the baseline; at most 1. confidence = 0.5 + 0.5 * data_quality; the 5 largest terms, all triggered ones, protective factors. Faults kept: the neutral vector gets 0.78, all defaults 0.43, and there is a jump at 0.4. Errors: 22023 for another number of features, 22003 for one outside 0 to 1.';

CREATE FUNCTION btwin.epic5_struggle_contributions(features float8[],
    OUT factor text, OUT value float8, OUT weight float8, OUT contribution float8)
    RETURNS SETOF record
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 4 AS 'MODULE_PATHNAME', 'epic5_struggle_contributions';
COMMENT ON FUNCTION btwin.epic5_struggle_contributions(float8[]) IS
'What the probability of epic5_struggle() is made of, summing to it: one row per triggered term in the order of the rule, with the feature''s value and the term''s factor; then baseline_floor, what the baseline added, and cap, what the limit of 1 took, where they are not 0.';

CREATE FUNCTION btwin.epic5_struggle_class(features float8[],
    OUT class text, OUT probability float8, OUT confidence float8)
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'epic5_struggle_class_rule';
COMMENT ON FUNCTION btwin.epic5_struggle_class(float8[]) IS
'The Python rule (Epic 5 domain model, 2.13) over the same 15 features: class HIGH, MEDIUM or LOW, its probability and confidence = min(1, 0.6 * data quality + 0.2 where history > 0 + 0.2). Errors as for epic5_struggle().';

CREATE FUNCTION btwin.epic5_struggle_data_quality(features float8[]) RETURNS float8
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'epic5_struggle_data_quality';
COMMENT ON FUNCTION btwin.epic5_struggle_data_quality(float8[]) IS
'Share of the 15 features that differ from 0.5 by more than 0.01, the reference''s default standing for NULL (Epic 5 domain model, 2.11): a default of 0 or 1 counts as data, a true 0.5 does not.';

CREATE FUNCTION btwin.epic5_struggled(good_share float8, again_count int, validation_scores float8[] DEFAULT NULL) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN good_share IS NULL THEN NULL
        ELSE good_share OPERATOR(pg_catalog.<) 0.65
          OR COALESCE(again_count, 0) OPERATOR(pg_catalog.>=) 3
          OR COALESCE((SELECT pg_catalog.avg(v.score) FROM pg_catalog.unnest(validation_scores) AS v (score)), 0.7)
             OPERATOR(pg_catalog.<) 0.6 END;
COMMENT ON FUNCTION btwin.epic5_struggled(float8, int, float8[]) IS
'Outcome of a completed session on an objective (Epic 5 domain model, 2.18): struggled when the share of good reviews is below 0.65, or AGAIN was given 3 times or more, or the mean validation score (0.7 without any) is below 0.6. NULL without reviews (good_share NULL).';

CREATE FUNCTION btwin.epic5_prediction_status(probability float8, struggled boolean) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN CASE WHEN probability OPERATOR(pg_catalog.>) 0.5
                THEN CASE WHEN struggled THEN 'CONFIRMED' ELSE 'FALSE_POSITIVE' END
                ELSE CASE WHEN struggled THEN 'MISSED' ELSE 'CONFIRMED' END END;
COMMENT ON FUNCTION btwin.epic5_prediction_status(float8, boolean) IS
'Status of a prediction with known outcome (Epic 5 domain model, 2.18): predicted means above 0.5; a true negative is CONFIRMED too. struggle_outcome() tells the four apart.';

CREATE FUNCTION btwin.epic5_calibration_bins(probabilities float8[], struggled boolean[],
    OUT bin_low float8, OUT bin_high float8, OUT "count" bigint,
    OUT mean_predicted float8, OUT observed_rate float8, OUT error float8)
    RETURNS SETOF record
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE ROWS 6 AS
$function$
BEGIN
    IF pg_catalog.cardinality(probabilities) OPERATOR(pg_catalog.<>) pg_catalog.cardinality(struggled) THEN
        RAISE EXCEPTION '"probabilities" and "struggled" must have the same number of elements'
            USING ERRCODE = 'invalid_parameter_value',
                  DETAIL = pg_catalog.format('"probabilities" has %s, "struggled" has %s.',
                      pg_catalog.cardinality(probabilities), pg_catalog.cardinality(struggled)),
                  HINT = 'Pass one element of each per prediction.';
    END IF;
    IF EXISTS (SELECT FROM pg_catalog.unnest(probabilities) AS u (p)
               WHERE NOT (u.p OPERATOR(pg_catalog.>=) 0 AND u.p OPERATOR(pg_catalog.<=) 1)) THEN
        RAISE EXCEPTION '"probabilities" must be between 0 and 1'
            USING ERRCODE = 'numeric_value_out_of_range',
                  DETAIL = pg_catalog.format('Found %s.', (SELECT u.p FROM pg_catalog.unnest(probabilities) AS u (p)
                      WHERE NOT (u.p OPERATOR(pg_catalog.>=) 0 AND u.p OPERATOR(pg_catalog.<=) 1) LIMIT 1)),
                  HINT = 'Check the unit of the value.';
    END IF;
    RETURN QUERY
    SELECT b.low, b.high, pg_catalog.count(u.p), pg_catalog.avg(u.p),
           pg_catalog.avg(CASE WHEN u.y THEN 1.0::float8 WHEN NOT u.y THEN 0 END),
           pg_catalog.abs(pg_catalog.avg(u.p) OPERATOR(pg_catalog.-) pg_catalog.avg(CASE WHEN u.y THEN 1.0::float8 WHEN NOT u.y THEN 0 END))
    FROM (VALUES (0.0::float8, 0.5::float8), (0.5, 0.6), (0.6, 0.7), (0.7, 0.8), (0.8, 0.9), (0.9, 1.0)) AS b (low, high)
    LEFT JOIN ROWS FROM (pg_catalog.unnest(probabilities), pg_catalog.unnest(struggled)) AS u (p, y)
        ON u.p OPERATOR(pg_catalog.>=) b.low AND u.p OPERATOR(pg_catalog.<) b.high AND u.y IS NOT NULL
    GROUP BY b.low, b.high
    ORDER BY b.low;
END
$function$;
COMMENT ON FUNCTION btwin.epic5_calibration_bins(float8[], boolean[]) IS
'The reference''s calibration curve (Epic 5 domain model, 2.18): bins [0, .5) [.5, .6) [.6, .7) [.7, .8) [.8, .9) [.9, 1) with count, mean probability, observed rate and their difference (NULL in an empty bin). Fault kept: a probability of 1 falls in no bin. Pairs with a NULL are left out.';

CREATE FUNCTION btwin.epic5_prediction_accuracy(probabilities float8[], struggled boolean[],
    OUT evidence_count bigint, OUT accuracy float8, OUT "precision" float8, OUT recall float8, OUT f1 float8,
    OUT brier float8, OUT calibration float8, OUT false_positive_rate float8, OUT false_negative_rate float8)
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS
$function$
DECLARE
    tp float8;
    fp float8;
    tn float8;
    fn float8;
BEGIN
    -- the bins refuse what must be refused
    SELECT COALESCE(pg_catalog.sum(b.error OPERATOR(pg_catalog.*) b."count"), 0) INTO calibration
    FROM btwin.epic5_calibration_bins(probabilities, struggled) AS b;
    SELECT pg_catalog.count(*),
           pg_catalog.count(*) FILTER (WHERE u.p OPERATOR(pg_catalog.>) 0.5 AND u.y),
           pg_catalog.count(*) FILTER (WHERE u.p OPERATOR(pg_catalog.>) 0.5 AND NOT u.y),
           pg_catalog.count(*) FILTER (WHERE u.p OPERATOR(pg_catalog.<=) 0.5 AND NOT u.y),
           pg_catalog.count(*) FILTER (WHERE u.p OPERATOR(pg_catalog.<=) 0.5 AND u.y),
           COALESCE(pg_catalog.avg((u.p OPERATOR(pg_catalog.-) CASE WHEN u.y THEN 1 ELSE 0 END)
               OPERATOR(pg_catalog.^) 2), 1)
    INTO evidence_count, tp, fp, tn, fn, brier
    FROM ROWS FROM (pg_catalog.unnest(probabilities), pg_catalog.unnest(struggled)) AS u (p, y)
    WHERE u.p IS NOT NULL AND u.y IS NOT NULL;
    IF evidence_count OPERATOR(pg_catalog.=) 0 THEN
        accuracy := 0; "precision" := 0; recall := 0; f1 := 0;
        calibration := 0; false_positive_rate := 0; false_negative_rate := 0;
        RETURN;
    END IF;
    accuracy := (tp OPERATOR(pg_catalog.+) tn) OPERATOR(pg_catalog./) evidence_count;
    "precision" := CASE WHEN tp OPERATOR(pg_catalog.+) fp OPERATOR(pg_catalog.>) 0
                        THEN tp OPERATOR(pg_catalog./) (tp OPERATOR(pg_catalog.+) fp) ELSE 0 END;
    recall := CASE WHEN tp OPERATOR(pg_catalog.+) fn OPERATOR(pg_catalog.>) 0
                   THEN tp OPERATOR(pg_catalog./) (tp OPERATOR(pg_catalog.+) fn) ELSE 0 END;
    f1 := CASE WHEN "precision" OPERATOR(pg_catalog.+) recall OPERATOR(pg_catalog.>) 0
               THEN 2 OPERATOR(pg_catalog.*) "precision" OPERATOR(pg_catalog.*) recall
                    OPERATOR(pg_catalog./) ("precision" OPERATOR(pg_catalog.+) recall) ELSE 0 END;
    calibration := GREATEST(0, 1 OPERATOR(pg_catalog.-) (calibration OPERATOR(pg_catalog./) evidence_count));
    false_positive_rate := fp OPERATOR(pg_catalog./) evidence_count;
    false_negative_rate := fn OPERATOR(pg_catalog./) evidence_count;
END
$function$;
COMMENT ON FUNCTION btwin.epic5_prediction_accuracy(float8[], boolean[]) IS
'The reference''s accuracy figures (Epic 5 domain model, 2.18), predicted meaning above 0.5: accuracy, precision, recall, F1 (0 where undefined), Brier score, calibration = 1 - ECE over epic5_calibration_bins(), and false positives and negatives over all predictions (fault kept). Without outcomes all 0, Brier 1. Pairs with a NULL are left out.';
