-- evaluation: how good predictions were

-- Log loss, Brier score, regret: sums

CREATE FUNCTION btwin.log_loss_accum(state internal, p float8, y boolean) RETURNS internal
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'log_loss_accum';
CREATE FUNCTION btwin.brier_accum(state internal, p float8, y boolean) RETURNS internal
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'brier_accum';
CREATE FUNCTION btwin.regret_accum(state internal, best float8, chosen float8) RETURNS internal
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'regret_accum';
CREATE FUNCTION btwin.score_sum_combine(state internal, other internal) RETURNS internal
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'score_sum_combine';
CREATE FUNCTION btwin.score_sum_serialize(state internal) RETURNS bytea
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'score_sum_serialize';
CREATE FUNCTION btwin.score_sum_deserialize(bytes bytea, state internal) RETURNS internal
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'score_sum_deserialize';
CREATE FUNCTION btwin.score_sum_mean(state internal) RETURNS float8
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'score_sum_mean';
CREATE FUNCTION btwin.score_sum_total(state internal) RETURNS float8
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'score_sum_total';

CREATE AGGREGATE btwin.log_loss_agg(p float8, y boolean) (
    SFUNC = btwin.log_loss_accum,
    STYPE = internal,
    SSPACE = 64,
    FINALFUNC = btwin.score_sum_mean,
    COMBINEFUNC = btwin.score_sum_combine,
    SERIALFUNC = btwin.score_sum_serialize,
    DESERIALFUNC = btwin.score_sum_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE btwin.log_loss_agg(float8, boolean) IS
'Mean negative log likelihood (natural logarithm) of outcomes y under probabilities p (0 to 1): 0 is perfect, ln 2 = 0.693 a coin. p is cut to 2.2e-16 from 0 and 1, as scikit-learn''s log_loss does, so that one failed certainty costs 36 and not infinity. Rows with a NULL are skipped; without rows NULL. Error 22003 for a p outside 0 to 1.';

CREATE AGGREGATE btwin.brier_agg(p float8, y boolean) (
    SFUNC = btwin.brier_accum,
    STYPE = internal,
    SSPACE = 64,
    FINALFUNC = btwin.score_sum_mean,
    COMBINEFUNC = btwin.score_sum_combine,
    SERIALFUNC = btwin.score_sum_serialize,
    DESERIALFUNC = btwin.score_sum_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE btwin.brier_agg(float8, boolean) IS
'Brier score: mean of (p - y)^2, y counting 1 or 0 (0 is perfect, 0.25 a coin). Rows with a NULL are skipped; without rows NULL. Error 22003 for a p outside 0 to 1.';

CREATE AGGREGATE btwin.regret_agg(best float8, chosen float8) (
    SFUNC = btwin.regret_accum,
    STYPE = internal,
    SSPACE = 64,
    FINALFUNC = btwin.score_sum_total,
    COMBINEFUNC = btwin.score_sum_combine,
    SERIALFUNC = btwin.score_sum_serialize,
    DESERIALFUNC = btwin.score_sum_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE btwin.regret_agg(float8, float8) IS
'Cumulative regret: sum of best - chosen, what the best choice of each round would have brought (its mean reward) less what the chosen one brought (its mean, or the reward seen). Rows with a NULL are skipped; without rows NULL. Error 22003 for NaN, infinity or a sum out of range.';

-- AUC, average precision, lift: rankings

CREATE FUNCTION btwin.ranking_accum(state internal, p float8, y boolean) RETURNS internal
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'ranking_accum';
CREATE FUNCTION btwin.ranking_accum_top(state internal, p float8, y boolean, top float8) RETURNS internal
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'ranking_accum_top';
CREATE FUNCTION btwin.ranking_combine(state internal, other internal) RETURNS internal
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'ranking_combine';
CREATE FUNCTION btwin.ranking_serialize(state internal) RETURNS bytea
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'ranking_serialize';
CREATE FUNCTION btwin.ranking_deserialize(bytes bytea, state internal) RETURNS internal
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'ranking_deserialize';
CREATE FUNCTION btwin.auc_final(state internal) RETURNS float8
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'auc_final';
CREATE FUNCTION btwin.average_precision_final(state internal) RETURNS float8
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'average_precision_final';
CREATE FUNCTION btwin.lift_final(state internal) RETURNS float8
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'lift_final';

CREATE AGGREGATE btwin.auc_agg(p float8, y boolean) (
    SFUNC = btwin.ranking_accum,
    STYPE = internal,
    SSPACE = 65536,
    FINALFUNC = btwin.auc_final,
    COMBINEFUNC = btwin.ranking_combine,
    SERIALFUNC = btwin.ranking_serialize,
    DESERIALFUNC = btwin.ranking_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE btwin.auc_agg(float8, boolean) IS
'Area under the ROC curve, exact: the share of pairs of a positive and a negative row that p puts in the right order, a tie counting half (0.5 = chance). Rows with a NULL are skipped; NULL without rows of both outcomes. Errors: 22003 for a p outside 0 to 1, 54000 beyond 10 million distinct p.';

CREATE AGGREGATE btwin.average_precision_agg(p float8, y boolean) (
    SFUNC = btwin.ranking_accum,
    STYPE = internal,
    SSPACE = 65536,
    FINALFUNC = btwin.average_precision_final,
    COMBINEFUNC = btwin.ranking_combine,
    SERIALFUNC = btwin.ranking_serialize,
    DESERIALFUNC = btwin.ranking_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE btwin.average_precision_agg(float8, boolean) IS
'Average precision: sum over thresholds, from the highest p down, of the gain in recall times the precision there; rows of equal p come together (chance = the rate of positives). Rows with a NULL are skipped; NULL without a positive row. Errors as for auc_agg().';

CREATE AGGREGATE btwin.lift_agg(p float8, y boolean) (
    SFUNC = btwin.ranking_accum,
    STYPE = internal,
    SSPACE = 65536,
    FINALFUNC = btwin.lift_final,
    COMBINEFUNC = btwin.ranking_combine,
    SERIALFUNC = btwin.ranking_serialize,
    DESERIALFUNC = btwin.ranking_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE btwin.lift_agg(float8, boolean) IS
'Lift of the highest tenth: the rate of positives among the 10 % of rows with the highest p over the rate of all (1 = chance). Rows that tie at the border count by the part that still fits. Rows with a NULL are skipped; NULL without a positive row. Errors as for auc_agg().';

CREATE AGGREGATE btwin.lift_agg(p float8, y boolean, top float8) (
    SFUNC = btwin.ranking_accum_top,
    STYPE = internal,
    SSPACE = 65536,
    FINALFUNC = btwin.lift_final,
    COMBINEFUNC = btwin.ranking_combine,
    SERIALFUNC = btwin.ranking_serialize,
    DESERIALFUNC = btwin.ranking_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE btwin.lift_agg(float8, boolean, float8) IS
'Lift of the "top" share of rows (above 0, at most 1; the same in all rows); times "top" it is the recall there. Further as lift_agg(p, y). Errors: 22003 for a top out of range, 22023 when it differs between rows, 22004 when it is NULL.';

-- Calibration

CREATE TYPE btwin.calibration;

CREATE FUNCTION btwin.calibration_in(state cstring) RETURNS btwin.calibration
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'calibration_in';
CREATE FUNCTION btwin.calibration_out(state btwin.calibration) RETURNS cstring
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'calibration_out';
CREATE FUNCTION btwin.calibration_recv(state internal) RETURNS btwin.calibration
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'calibration_recv';
CREATE FUNCTION btwin.calibration_send(state btwin.calibration) RETURNS bytea
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'calibration_send';

CREATE TYPE btwin.calibration (
    INPUT = btwin.calibration_in,
    OUTPUT = btwin.calibration_out,
    RECEIVE = btwin.calibration_recv,
    SEND = btwin.calibration_send,
    INTERNALLENGTH = VARIABLE,
    ALIGNMENT = int4,
    STORAGE = extended
);
COMMENT ON TYPE btwin.calibration IS
'State of calibration_agg(): per bin of probability the rows, the positive ones, the sum of p and of p (1 - p). 1 to 1000 bins of equal width. Text form: one JSON object, exact. Merged by rollup(), read by bins(), ece() and ece_noise().';

CREATE FUNCTION btwin.calibration_to_jsonb(state btwin.calibration) RETURNS jsonb
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'calibration_to_jsonb';
COMMENT ON FUNCTION btwin.calibration_to_jsonb(btwin.calibration) IS
'The state as jsonb: {family, version, bins: [{rows, positives, sum, variance}]}, bins from 0 to 1.';
CREATE CAST (btwin.calibration AS jsonb) WITH FUNCTION btwin.calibration_to_jsonb(btwin.calibration);

CREATE FUNCTION btwin.calibration_accum(state internal, p float8, y boolean) RETURNS internal
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'calibration_accum';
CREATE FUNCTION btwin.calibration_accum_bins(state internal, p float8, y boolean, bins int) RETURNS internal
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'calibration_accum_bins';
CREATE FUNCTION btwin.calibration_rollup_accum(state internal, calibration btwin.calibration) RETURNS internal
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'calibration_rollup_accum';
CREATE FUNCTION btwin.calibration_combine(state internal, other internal) RETURNS internal
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'calibration_combine';
CREATE FUNCTION btwin.calibration_serialize(state internal) RETURNS bytea
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'calibration_serialize';
CREATE FUNCTION btwin.calibration_deserialize(bytes bytea, state internal) RETURNS internal
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'calibration_deserialize';
CREATE FUNCTION btwin.calibration_final(state internal) RETURNS btwin.calibration
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'calibration_final';

CREATE AGGREGATE btwin.calibration_agg(p float8, y boolean) (
    SFUNC = btwin.calibration_accum,
    STYPE = internal,
    SSPACE = 1024,
    FINALFUNC = btwin.calibration_final,
    COMBINEFUNC = btwin.calibration_combine,
    SERIALFUNC = btwin.calibration_serialize,
    DESERIALFUNC = btwin.calibration_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE btwin.calibration_agg(float8, boolean) IS
'Calibration over 10 bins of equal width, [0, 0.1), ..., [0.9, 1]. Rows with a NULL are skipped; only such rows give a state without bins, no rows give NULL. Error 22003 for a p outside 0 to 1.';

CREATE AGGREGATE btwin.calibration_agg(p float8, y boolean, bins int) (
    SFUNC = btwin.calibration_accum_bins,
    STYPE = internal,
    SSPACE = 1024,
    FINALFUNC = btwin.calibration_final,
    COMBINEFUNC = btwin.calibration_combine,
    SERIALFUNC = btwin.calibration_serialize,
    DESERIALFUNC = btwin.calibration_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE btwin.calibration_agg(float8, boolean, int) IS
'Calibration over 1 to 1000 bins of equal width, the last one closed. Errors: 22003 for a p or a number of bins out of range, 22023 when bins differs between rows, 22004 when it is NULL.';

CREATE AGGREGATE btwin.rollup(calibration btwin.calibration) (
    SFUNC = btwin.calibration_rollup_accum,
    STYPE = internal,
    SSPACE = 1024,
    FINALFUNC = btwin.calibration_final,
    COMBINEFUNC = btwin.calibration_combine,
    SERIALFUNC = btwin.calibration_serialize,
    DESERIALFUNC = btwin.calibration_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE btwin.rollup(btwin.calibration) IS
'Merges calibrations: the state that calibration_agg() would have built over all their rows, up to rounding. Error 22023 when their numbers of bins differ.';

CREATE FUNCTION btwin.evidence_count(calibration btwin.calibration) RETURNS bigint
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'calibration_evidence';
COMMENT ON FUNCTION btwin.evidence_count(btwin.calibration) IS
'Rows behind the calibration.';

CREATE FUNCTION btwin.bins(calibration btwin.calibration,
    OUT bin_low float8, OUT bin_high float8, OUT "count" bigint,
    OUT mean_predicted float8, OUT observed_rate float8, OUT standard_error float8)
    RETURNS SETOF record
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 10 AS 'MODULE_PATHNAME', 'calibration_bins';
COMMENT ON FUNCTION btwin.bins(btwin.calibration) IS
'One row per bin: borders, rows, mean probability, rate of positives, and the standard error that the rate has where the probabilities are right (NULL in an empty bin).';

CREATE FUNCTION btwin.ece(calibration btwin.calibration) RETURNS float8
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'calibration_ece';
COMMENT ON FUNCTION btwin.ece(btwin.calibration) IS
'Expected calibration error: mean over rows of their bin''s |mean probability - rate| (0 to 1). NULL without rows. Read it beside ece_noise().';

CREATE FUNCTION btwin.ece_noise(calibration btwin.calibration) RETURNS float8
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'calibration_ece_noise';
COMMENT ON FUNCTION btwin.ece_noise(btwin.calibration) IS
'Noise floor: the ECE that a perfectly calibrated forecaster would show with these rows on average, sum over bins of sqrt(2 / pi * sum p (1 - p)) / rows (normal approximation). NULL without rows.';
