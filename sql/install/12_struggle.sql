-- struggle: how probable it is that a learner will struggle, and what that is made of

-- One Newton step of a logistic regression

CREATE TYPE btwin.logit_step;

CREATE FUNCTION btwin.logit_step_in(state cstring) RETURNS btwin.logit_step
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'logit_step_in';
CREATE FUNCTION btwin.logit_step_out(state btwin.logit_step) RETURNS cstring
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'logit_step_out';
CREATE FUNCTION btwin.logit_step_recv(state internal) RETURNS btwin.logit_step
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'logit_step_recv';
CREATE FUNCTION btwin.logit_step_send(state btwin.logit_step) RETURNS bytea
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'logit_step_send';

CREATE TYPE btwin.logit_step (
    INPUT = btwin.logit_step_in,
    OUTPUT = btwin.logit_step_out,
    RECEIVE = btwin.logit_step_recv,
    SEND = btwin.logit_step_send,
    INTERNALLENGTH = VARIABLE,
    ALIGNMENT = int4,
    STORAGE = extended
);
COMMENT ON TYPE btwin.logit_step IS
'State of logit_step_agg(): gradient, Hessian and log likelihood of a logistic regression at one point, with the moments of its features. At most 64 features. Text form: one JSON object, exact. Merged by rollup(), read by logit_next() and the accessors.';

CREATE FUNCTION btwin.logit_step_to_jsonb(state btwin.logit_step) RETURNS jsonb
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'logit_step_to_jsonb';
COMMENT ON FUNCTION btwin.logit_step_to_jsonb(btwin.logit_step) IS
'The step as jsonb: {family, version, features, rows, weight, positives, log_likelihood, means, beta, gradient, hessian, unknown, sum, sum_of_squares}; hessian is its lower triangle row by row; without rows only the first three keys.';
CREATE CAST (btwin.logit_step AS jsonb) WITH FUNCTION btwin.logit_step_to_jsonb(btwin.logit_step);

-- A model: names, training means, a Gaussian over the coefficients

CREATE TYPE btwin.logit_model;

CREATE FUNCTION btwin.logit_model_in(state cstring) RETURNS btwin.logit_model
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'logit_model_in';
CREATE FUNCTION btwin.logit_model_out(state btwin.logit_model) RETURNS cstring
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'logit_model_out';
CREATE FUNCTION btwin.logit_model_recv(state internal) RETURNS btwin.logit_model
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'logit_model_recv';
CREATE FUNCTION btwin.logit_model_send(state btwin.logit_model) RETURNS bytea
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'logit_model_send';

CREATE TYPE btwin.logit_model (
    INPUT = btwin.logit_model_in,
    OUTPUT = btwin.logit_model_out,
    RECEIVE = btwin.logit_model_recv,
    SEND = btwin.logit_model_send,
    INTERNALLENGTH = VARIABLE,
    ALIGNMENT = int4,
    STORAGE = extended
);
COMMENT ON TYPE btwin.logit_model IS
'A logistic model of 1 to 64 named features: log odds = intercept + sum of coefficient * (value - mean), with the precision (inverse covariance) of what is known of the coefficients, the features'' standard deviations and the number of examples. Text form: one JSON object, exact. Made by logit_model(), logit_prior(), logit_next(), logit_fit() or struggle_model().';

CREATE FUNCTION btwin.logit_model_to_jsonb(state btwin.logit_model) RETURNS jsonb
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'logit_model_to_jsonb';
COMMENT ON FUNCTION btwin.logit_model_to_jsonb(btwin.logit_model) IS
'The model as jsonb: {family, version, examples, intercept, features: [{feature, mean, deviation, coefficient}], precision}; precision is its lower triangle row by row, the intercept first.';
CREATE CAST (btwin.logit_model AS jsonb) WITH FUNCTION btwin.logit_model_to_jsonb(btwin.logit_model);

-- Aggregates

CREATE FUNCTION btwin.logit_step_accum(state internal, y boolean, x float8[], beta float8[]) RETURNS internal
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'logit_step_accum';
CREATE FUNCTION btwin.logit_step_accum_weighted(state internal, y boolean, x float8[], beta float8[], weight float8) RETURNS internal
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'logit_step_accum_weighted';
CREATE FUNCTION btwin.logit_step_accum_model(state internal, model btwin.logit_model, y boolean, x float8[]) RETURNS internal
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'logit_step_accum_model';
CREATE FUNCTION btwin.logit_step_accum_model_weighted(state internal, model btwin.logit_model, y boolean, x float8[], weight float8) RETURNS internal
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'logit_step_accum_model_weighted';
CREATE FUNCTION btwin.logit_step_rollup_accum(state internal, step btwin.logit_step) RETURNS internal
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'logit_step_rollup_accum';
CREATE FUNCTION btwin.logit_step_combine(state internal, other internal) RETURNS internal
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'logit_step_combine';
CREATE FUNCTION btwin.logit_step_serialize(state internal) RETURNS bytea
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'logit_step_serialize';
CREATE FUNCTION btwin.logit_step_deserialize(bytes bytea, state internal) RETURNS internal
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'logit_step_deserialize';
CREATE FUNCTION btwin.logit_step_final(state internal) RETURNS btwin.logit_step
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'logit_step_final';

CREATE AGGREGATE btwin.logit_step_agg(y boolean, x float8[], beta float8[]) (
    SFUNC = btwin.logit_step_accum,
    STYPE = internal,
    SSPACE = 4096,
    FINALFUNC = btwin.logit_step_final,
    COMBINEFUNC = btwin.logit_step_combine,
    SERIALFUNC = btwin.logit_step_serialize,
    DESERIALFUNC = btwin.logit_step_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE btwin.logit_step_agg(boolean, float8[], float8[]) IS
'Gradient, Hessian and log likelihood of a logistic regression of y on x at the coefficients beta. beta: intercept first, then one per feature (start from zeros); the same in all rows. Rows with y or x NULL are skipped; only such rows give a step without rows, no rows give NULL. Iterate beta := logit_next(step) until newton_decrement(step) is small. Errors: 22023 when x has not one element less than beta or beta differs between rows; 22004 for a NULL beta or a NULL inside an array (use the form with a model for unknown features); 22003 for NaN or infinity; 54000 beyond 64 features.';

CREATE AGGREGATE btwin.logit_step_agg(y boolean, x float8[], beta float8[], weight float8) (
    SFUNC = btwin.logit_step_accum_weighted,
    STYPE = internal,
    SSPACE = 4096,
    FINALFUNC = btwin.logit_step_final,
    COMBINEFUNC = btwin.logit_step_combine,
    SERIALFUNC = btwin.logit_step_serialize,
    DESERIALFUNC = btwin.logit_step_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE btwin.logit_step_agg(boolean, float8[], float8[], float8) IS
'As logit_step_agg(y, x, beta), a row counting as "weight" rows (0 or more; NULL skips it). evidence_count() still counts rows. Error 22003 for a negative weight.';

CREATE AGGREGATE btwin.logit_step_agg(model btwin.logit_model, y boolean, x float8[]) (
    SFUNC = btwin.logit_step_accum_model,
    STYPE = internal,
    SSPACE = 4096,
    FINALFUNC = btwin.logit_step_final,
    COMBINEFUNC = btwin.logit_step_combine,
    SERIALFUNC = btwin.logit_step_serialize,
    DESERIALFUNC = btwin.logit_step_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE btwin.logit_step_agg(btwin.logit_model, boolean, float8[]) IS
'As logit_step_agg(y, x, beta) at the coefficients of a model and about its means: a NULL inside x is an unknown feature and stands at the mean. Iterate model := logit_next(step, prior). Errors: 22023 for the wrong number of features or a model that differs between rows, 22004 for a NULL model, 22003 for NaN or infinity.';

CREATE AGGREGATE btwin.logit_step_agg(model btwin.logit_model, y boolean, x float8[], weight float8) (
    SFUNC = btwin.logit_step_accum_model_weighted,
    STYPE = internal,
    SSPACE = 4096,
    FINALFUNC = btwin.logit_step_final,
    COMBINEFUNC = btwin.logit_step_combine,
    SERIALFUNC = btwin.logit_step_serialize,
    DESERIALFUNC = btwin.logit_step_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE btwin.logit_step_agg(btwin.logit_model, boolean, float8[], float8) IS
'As logit_step_agg(model, y, x), a row counting as "weight" rows (0 or more; NULL skips it). Error 22003 for a negative weight.';

CREATE AGGREGATE btwin.rollup(step btwin.logit_step) (
    SFUNC = btwin.logit_step_rollup_accum,
    STYPE = internal,
    SSPACE = 4096,
    FINALFUNC = btwin.logit_step_final,
    COMBINEFUNC = btwin.logit_step_combine,
    SERIALFUNC = btwin.logit_step_serialize,
    DESERIALFUNC = btwin.logit_step_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE btwin.rollup(btwin.logit_step) IS
'Merges steps taken at the same point: the step that logit_step_agg() would have built over all their rows, up to rounding. Error 22023 when their coefficients or means differ.';

-- Accessors of a step

CREATE FUNCTION btwin.evidence_count(step btwin.logit_step) RETURNS bigint
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'logit_step_evidence';
COMMENT ON FUNCTION btwin.evidence_count(btwin.logit_step) IS
'Number of examples the step was built from; 0 for an empty step.';

CREATE FUNCTION btwin.log_loss(step btwin.logit_step) RETURNS float8
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'logit_step_log_loss';
COMMENT ON FUNCTION btwin.log_loss(btwin.logit_step) IS
'Mean negative log likelihood (natural logarithm, 0 or more) of the rows at the step''s coefficients; NULL without weight.';

CREATE FUNCTION btwin.positive_rate(step btwin.logit_step) RETURNS float8
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'logit_step_positive_rate';
COMMENT ON FUNCTION btwin.positive_rate(btwin.logit_step) IS
'Share of rows with y true, by weight (0 to 1); NULL without weight.';

CREATE FUNCTION btwin.beta(step btwin.logit_step) RETURNS float8[]
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'logit_step_beta';
COMMENT ON FUNCTION btwin.beta(btwin.logit_step) IS
'The coefficients at which the step was taken, intercept first; NULL without rows.';

CREATE FUNCTION btwin.gradient(step btwin.logit_step) RETURNS float8[]
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'logit_step_gradient';
COMMENT ON FUNCTION btwin.gradient(btwin.logit_step) IS
'First derivatives of the log likelihood, sum of weight * (y - p) * (1, x - means), intercept first; NULL without rows.';

CREATE FUNCTION btwin.hessian(step btwin.logit_step) RETURNS float8[]
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'logit_step_hessian';
COMMENT ON FUNCTION btwin.hessian(btwin.logit_step) IS
'Second derivatives of the negative log likelihood, sum of weight * p * (1 - p) * d d'' with d = (1, x - means), as a square array, intercept first; NULL without rows. With a prior''s precision added it is the precision of the fitted coefficients.';

CREATE FUNCTION btwin.feature_moments(step btwin.logit_step,
    OUT "position" int, OUT known_weight float8, OUT mean float8, OUT deviation float8)
    RETURNS SETOF record
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 15 AS 'MODULE_PATHNAME', 'logit_step_feature_moments';
COMMENT ON FUNCTION btwin.feature_moments(btwin.logit_step) IS
'One row per feature: its position from 1, the weight of the rows in which it is known, their mean and population standard deviation (NULL where it is never known).';

CREATE FUNCTION btwin.logit_next(step btwin.logit_step, ridge float8 DEFAULT 1) RETURNS float8[]
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'logit_step_next_ridge';
COMMENT ON FUNCTION btwin.logit_next(btwin.logit_step, float8) IS
'The coefficients after one Newton step towards the maximum of log likelihood - ridge / 2 * sum of squared coefficients, the intercept free (ridge 1 is C = 1 of Epic 5, 2.14, on standardised features). NULL without rows. Errors: 22023 when there is no unique direction (raise the ridge), 22003 for a negative ridge.';

CREATE FUNCTION btwin.newton_decrement(step btwin.logit_step, ridge float8 DEFAULT 1) RETURNS float8
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'logit_step_decrement_ridge';
COMMENT ON FUNCTION btwin.newton_decrement(btwin.logit_step, float8) IS
'Measure of convergence, independent of the features'' units: about twice the gain of the penalised log likelihood that is still to be had from this point. Stop below 1e-8. NULL without rows.';

CREATE FUNCTION btwin.logit_next(step btwin.logit_step, prior btwin.logit_model, damping float8 DEFAULT 1) RETURNS btwin.logit_model
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME', 'logit_step_next_model';
COMMENT ON FUNCTION btwin.logit_next(btwin.logit_step, btwin.logit_model, float8) IS
'The model after one Newton step towards the maximum of the posterior, the prior being any model: names, means and deviations are the prior''s, precision is the prior''s plus the Hessian (Laplace''s approximation), evidence_count counts both. damping: 0 to 1, the part of the step to go. NULL without rows. Errors: 22023 for other features or means than the prior''s.';

CREATE FUNCTION btwin.newton_decrement(step btwin.logit_step, prior btwin.logit_model) RETURNS float8
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME', 'logit_step_decrement_model';
COMMENT ON FUNCTION btwin.newton_decrement(btwin.logit_step, btwin.logit_model) IS
'Measure of convergence under a prior model: about twice the gain of the log posterior that is still to be had from this point. NULL without rows.';

CREATE FUNCTION btwin.log_posterior(step btwin.logit_step, prior btwin.logit_model) RETURNS float8
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME', 'logit_step_log_posterior';
COMMENT ON FUNCTION btwin.log_posterior(btwin.logit_step, btwin.logit_model) IS
'Log likelihood at the step''s point plus the log density of the prior there without its constant: what training maximises. NULL without rows. Errors: 22003 where it is past double precision.';

-- Making models

CREATE FUNCTION btwin.logit_model(features text[], coefficients float8[], precision_matrix float8[],
    means float8[] DEFAULT NULL, deviations float8[] DEFAULT NULL, evidence_count bigint DEFAULT 0)
    RETURNS btwin.logit_model
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME', 'logit_model_make';
COMMENT ON FUNCTION btwin.logit_model(text[], float8[], float8[], float8[], float8[], bigint) IS
'A model from plain arrays. coefficients: intercept first, then one per feature. precision_matrix: inverse covariance of the coefficients, square, or its diagonal. means, deviations: of the features in training, zeros when NULL. evidence_count: examples it was trained on. Inverse of coefficients(), precision_matrix() and evidence_count(). Errors: 22023 for lengths that do not match, names given twice, a precision that is not symmetric or not positive definite; 22004 for a NULL; 22003 for NaN or infinity; 54000 beyond 64 features.';

CREATE FUNCTION btwin.logit_prior(features text[], means float8[], deviations float8[],
    prior_sd float8 DEFAULT 1, intercept_sd float8 DEFAULT 10)
    RETURNS btwin.logit_model
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME', 'logit_prior';
COMMENT ON FUNCTION btwin.logit_prior(text[], float8[], float8[], float8, float8) IS
'A model that knows only the scale of its features: every coefficient is normal around 0 with standard deviation prior_sd per standard deviation of the feature, the intercept with intercept_sd. prior_sd 1 is a ridge of 1 on standardised features (Epic 5, 2.14: C = 1). Errors as for logit_model().';

CREATE FUNCTION btwin.logit_fit(query text, features text[], prior_sd float8 DEFAULT 1,
    weighted boolean DEFAULT false, max_iterations int DEFAULT 50, tolerance float8 DEFAULT 1e-10)
    RETURNS btwin.logit_model
    LANGUAGE plpgsql STABLE STRICT PARALLEL UNSAFE COST 1000000 AS
$function$
DECLARE
    examples constant text := pg_catalog.format(
        CASE WHEN logit_fit.weighted
             THEN E'SELECT btwin.logit_step_agg($1, q.y, q.x, q.weight) FROM (%s\n) AS q (y, x, weight)'
             ELSE E'SELECT btwin.logit_step_agg($1, q.y, q.x) FROM (%s\n) AS q (y, x)' END,
        pg_catalog.rtrim(logit_fit.query, E'; \n\r\t'));
    zeros constant float8[] := pg_catalog.array_fill(0::pg_catalog.float8,
        ARRAY[pg_catalog.cardinality(logit_fit.features)]);
    prior btwin.logit_model;
    current btwin.logit_model;
    step btwin.logit_step;
    best_step btwin.logit_step;
    best float8;
    reached float8;
    noise float8;
    damping float8 := 1;
    means float8[];
    deviations float8[];
BEGIN
    IF logit_fit.max_iterations OPERATOR(pg_catalog.<) 1 THEN
        RAISE EXCEPTION '"max_iterations" must be at least 1'
            USING ERRCODE = 'numeric_value_out_of_range',
                  DETAIL = pg_catalog.format('Found %s.', logit_fit.max_iterations),
                  HINT = 'The default of 50 is far more than Newton''s method needs.';
    END IF;
    IF NOT (logit_fit.tolerance OPERATOR(pg_catalog.>) 0 AND logit_fit.tolerance OPERATOR(pg_catalog.<) 1) THEN
        RAISE EXCEPTION '"tolerance" must be between 0 and 1'
            USING ERRCODE = 'numeric_value_out_of_range',
                  DETAIL = pg_catalog.format('Found %s.', logit_fit.tolerance),
                  HINT = 'It bounds newton_decrement(); 1e-10 is a good value.';
    END IF;

    -- Two passes for the scales: means first, then deviations about them.
    current := btwin.logit_prior(logit_fit.features, zeros, zeros, logit_fit.prior_sd);
    FOR pass IN 1 .. 2 LOOP
        EXECUTE examples INTO step USING current;
        IF step IS NULL OR btwin.evidence_count(step) OPERATOR(pg_catalog.=) 0 THEN
            RAISE EXCEPTION 'the query returns no examples'
                USING ERRCODE = 'invalid_parameter_value',
                      DETAIL = 'Rows with y or x NULL do not count.',
                      HINT = 'Return y boolean and x float8[] for every example.';
        END IF;
        SELECT pg_catalog.array_agg(COALESCE(CASE WHEN pass OPERATOR(pg_catalog.=) 1 THEN m.mean ELSE old.mean END, 0) ORDER BY m."position"),
               pg_catalog.array_agg(COALESCE(m.deviation, 0) ORDER BY m."position")
        INTO means, deviations
        FROM btwin.feature_moments(step) AS m
        LEFT JOIN btwin.coefficients(current) AS old ON old."position" OPERATOR(pg_catalog.=) m."position";
        prior := btwin.logit_prior(logit_fit.features, means, deviations, logit_fit.prior_sd);
        current := prior;
    END LOOP;

    -- The second pass stood at the prior's own coefficients: its step is the first.
    best_step := step;
    best := btwin.log_posterior(step, prior);
    noise := pg_catalog.abs(best) OPERATOR(pg_catalog.*) 1e-13::float8;
    FOR iteration IN 1 .. logit_fit.max_iterations LOOP
        IF btwin.newton_decrement(best_step, prior) OPERATOR(pg_catalog.<) logit_fit.tolerance THEN
            RETURN btwin.logit_next(best_step, prior);
        END IF;
        current := btwin.logit_next(best_step, prior, damping);
        EXECUTE examples INTO step USING current;
        reached := btwin.log_posterior(step, prior);
        IF reached OPERATOR(pg_catalog.<) (best OPERATOR(pg_catalog.-) noise) THEN
            -- overshot: try half the way
            damping := damping OPERATOR(pg_catalog./) 2;
        ELSE
            best_step := step;
            best := GREATEST(best, reached);
            damping := 1;
        END IF;
    END LOOP;
    RAISE EXCEPTION 'training did not converge in % iterations', logit_fit.max_iterations
        USING ERRCODE = 'invalid_parameter_value',
              DETAIL = pg_catalog.format('The Newton decrement is still %s.', btwin.newton_decrement(best_step, prior)),
              HINT = 'Use a smaller prior_sd, and a query that returns the same rows every time.';
END
$function$;
COMMENT ON FUNCTION btwin.logit_fit(text, text[], float8, boolean, int, float8) IS
'Trains a logistic model on the rows of a query that returns (y boolean, x float8[]), or (y, x, weight float8) where weighted; a NULL inside x is unknown and stands at the mean. Newton''s method under the prior of logit_prior(features, means, deviations, prior_sd), steps halved where they overshoot, until newton_decrement() < tolerance. The query runs about 6 times on the caller''s snapshot, with the caller''s rights and read-only (the function is STABLE): never build its text from untrusted input. Errors: 22023 without examples, for a wrong number of features or without convergence; those of the query.';

-- Using models

CREATE FUNCTION btwin.predict(model btwin.logit_model, x float8[],
    OUT probability float8, OUT low float8, OUT high float8, OUT confidence float8,
    OUT evidence_count bigint, OUT unknown_count int)
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'logit_model_predict';
COMMENT ON FUNCTION btwin.predict(btwin.logit_model, float8[]) IS
'Probability that y is true for the features x in the model''s order; a NULL element is unknown: it stands at the training mean and widens the uncertainty by its spread. probability is averaged over the coefficients'' posterior and the unknown features (MacKay 1992); [low, high] is the central 95 % interval, widened to hold the probability; confidence = 1 - (high - low); evidence_count = the model''s examples; unknown_count = NULL elements. Errors: 22023 "expected 15 features, not 14"; 22003 for NaN or infinity.';

CREATE FUNCTION btwin.contributions(model btwin.logit_model, x float8[],
    OUT factor text, OUT value float8, OUT weight float8, OUT contribution float8,
    OUT contribution_logit float8, OUT is_base boolean)
    RETURNS SETOF record
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 17 COST 20 AS 'MODULE_PATHNAME', 'logit_model_contributions';
COMMENT ON FUNCTION btwin.contributions(btwin.logit_model, float8[]) IS
'What predict(model, x).probability is made of; the contributions sum to it, the contribution_logits to its log odds. Rows: "base", the probability p0 with log odds z0 at the training means; one per feature with value (NULL: unknown), weight = coefficient, contribution_logit l = coefficient * (value - mean) and contribution = l * (p - p0) / (z - z0), in the limit l * p0 * (1 - p0) (integrated gradient); "uncertainty", what averaging over the unknown did.';

CREATE FUNCTION btwin.logit_update(model btwin.logit_model, y boolean, x float8[], weight float8 DEFAULT 1)
    RETURNS btwin.logit_model
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME', 'logit_model_update';
COMMENT ON FUNCTION btwin.logit_update(btwin.logit_model, boolean, float8[], float8) IS
'The model after one more example: coefficients move to the exact mode of the posterior given that row, precision grows by its curvature there. Means and deviations stay; a NULL element of x tells nothing. weight: 0 or more. Deterministic. Errors as for predict().';

CREATE FUNCTION btwin.coefficients(model btwin.logit_model,
    OUT "position" int, OUT feature text, OUT coefficient float8, OUT standard_error float8,
    OUT low float8, OUT high float8, OUT mean float8, OUT deviation float8)
    RETURNS SETOF record
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 16 COST 20 AS 'MODULE_PATHNAME', 'logit_model_coefficients';
COMMENT ON FUNCTION btwin.coefficients(btwin.logit_model) IS
'One row per coefficient: position 0 is the intercept (feature, mean and deviation NULL), then the features in order, with posterior standard error, 95 % interval, and the feature''s training mean and standard deviation. Errors: 22003 where a precision is too small for an interval in double precision.';

CREATE FUNCTION btwin.precision_matrix(model btwin.logit_model) RETURNS float8[]
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'logit_model_precision';
COMMENT ON FUNCTION btwin.precision_matrix(btwin.logit_model) IS
'Precision (inverse covariance) of the coefficients as a square array, the intercept first.';

CREATE FUNCTION btwin.evidence_count(model btwin.logit_model) RETURNS bigint
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'logit_model_evidence';
COMMENT ON FUNCTION btwin.evidence_count(btwin.logit_model) IS
'Examples the model was trained on, updates included; 0 for a prior.';

CREATE FUNCTION btwin.feature_vector(model btwin.logit_model, features jsonb) RETURNS float8[]
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 100 AS
$function$
DECLARE
    names text[];
    fault record;
    vector float8[];
BEGIN
    IF pg_catalog.jsonb_typeof(feature_vector.features) OPERATOR(pg_catalog.<>) 'object' THEN
        RAISE EXCEPTION '"features" must be an object of names and numbers'
            USING ERRCODE = 'invalid_parameter_value',
                  DETAIL = pg_catalog.format('Found: %s.', pg_catalog.jsonb_typeof(feature_vector.features)),
                  HINT = 'Pass {"feature": value, ...}; what is left out is unknown.';
    END IF;
    SELECT pg_catalog.array_agg(c.feature ORDER BY c."position") INTO names
    FROM btwin.coefficients(feature_vector.model) AS c
    WHERE c."position" OPERATOR(pg_catalog.>) 0;
    SELECT e.key AS key, e.value AS value, e.key OPERATOR(pg_catalog.=) ANY (names) AS known INTO fault
    FROM pg_catalog.jsonb_each(feature_vector.features) AS e
    WHERE NOT e.key OPERATOR(pg_catalog.=) ANY (names)
       OR NOT pg_catalog.jsonb_typeof(e.value) OPERATOR(pg_catalog.=) ANY (ARRAY['number', 'null'])
    ORDER BY e.key COLLATE "C"
    LIMIT 1;
    IF NOT fault.known THEN
        RAISE EXCEPTION 'unknown feature "%"', fault.key
            USING ERRCODE = 'invalid_parameter_value',
                  DETAIL = pg_catalog.format('The model has %s features.', pg_catalog.cardinality(names)),
                  HINT = pg_catalog.format('Use one of: %s.', pg_catalog.array_to_string(names, ', '));
    ELSIF fault.known THEN
        RAISE EXCEPTION 'feature "%" must be a number', fault.key
            USING ERRCODE = 'invalid_parameter_value',
                  DETAIL = pg_catalog.format('Found: %s.', pg_catalog.jsonb_typeof(fault.value)),
                  HINT = 'Pass null, or leave it out, where it is unknown.';
    END IF;
    SELECT pg_catalog.array_agg((feature_vector.features OPERATOR(pg_catalog.->>) n.name)::pg_catalog.float8 ORDER BY n.ordinality)
    INTO vector
    FROM pg_catalog.unnest(names) WITH ORDINALITY AS n (name, ordinality);
    RETURN vector;
END
$function$;
COMMENT ON FUNCTION btwin.feature_vector(btwin.logit_model, jsonb) IS
'The features of a JSON object {"name": number, ...} in the order of the model, NULL for those it lacks: what predict(), contributions() and logit_update() take. Errors: 22023 for a name the model does not know or a value that is no number.';

-- Struggle

CREATE FUNCTION btwin.struggle_features(
    OUT "position" int, OUT feature text, OUT meaning text,
    OUT epic5_default float8, OUT epic5_weight float8, OUT epic5_importance float8,
    OUT mean float8, OUT deviation float8, OUT coefficient float8)
    RETURNS SETOF record
    LANGUAGE C IMMUTABLE PARALLEL SAFE ROWS 15 AS 'MODULE_PATHNAME', 'struggle_features_rows';
COMMENT ON FUNCTION btwin.struggle_features() IS
'The 15 features of struggle, each 0 to 1, in their order (Epic 5 domain model, 2.11): name, meaning, the reference''s default, its weight in the baseline of 2.12 and its static importance; then mean, standard deviation and coefficient of the prior model struggle_model().';

CREATE FUNCTION btwin.struggle_vector(
    retention_score float8 DEFAULT NULL, retention_decline_rate float8 DEFAULT NULL,
    review_lapse_rate float8 DEFAULT NULL, session_performance_score float8 DEFAULT NULL,
    validation_score float8 DEFAULT NULL, prerequisite_gap_count float8 DEFAULT NULL,
    prerequisite_mastery_gap float8 DEFAULT NULL, content_complexity float8 DEFAULT NULL,
    complexity_mismatch float8 DEFAULT NULL, historical_struggle_score float8 DEFAULT NULL,
    content_type_mismatch float8 DEFAULT NULL, cognitive_load_indicator float8 DEFAULT NULL,
    days_until_exam float8 DEFAULT NULL, days_since_last_study float8 DEFAULT NULL,
    workload_level float8 DEFAULT NULL)
    RETURNS float8[]
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN ARRAY[retention_score, retention_decline_rate, review_lapse_rate,
        session_performance_score, validation_score, prerequisite_gap_count,
        prerequisite_mastery_gap, content_complexity, complexity_mismatch,
        historical_struggle_score, content_type_mismatch, cognitive_load_indicator,
        days_until_exam, days_since_last_study, workload_level];
COMMENT ON FUNCTION btwin.struggle_vector(float8, float8, float8, float8, float8, float8, float8, float8, float8, float8, float8, float8, float8, float8, float8) IS
'The 15 features by name in the order of struggle_features(), NULL for those not given: struggle_vector(retention_score => 0.3, workload_level => 0.8).';

CREATE FUNCTION btwin.struggle_model(population_rate float8 DEFAULT NULL) RETURNS btwin.logit_model
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME', 'struggle_model';
COMMENT ON FUNCTION btwin.struggle_model(float8) IS
'The prior model of struggle: 15 features, no training (evidence_count 0). Where nothing is known it answers population_rate, the share of (learner, objective) pairs that end in a struggle (0.001 to 0.999; NULL: 0.38). Coefficients and their reasons: doc/struggle.md. Prior for logit_next() and start of logit_update(). Error 22003 for a rate out of range.';

CREATE FUNCTION btwin.struggle_probability(features float8[], population_rate float8 DEFAULT NULL) RETURNS float8
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'struggle_probability';
COMMENT ON FUNCTION btwin.struggle_probability(float8[], float8) IS
'Probability (0 to 1) that the learner will struggle, from the 15 features of struggle_features(), each 0 to 1, NULL = unknown: predict(struggle_model(population_rate), features).probability; use predict() and contributions() on struggle_model() for interval and reasons. NULL for NULL features. Errors: 22023 for another number of features, 22003 for one outside 0 to 1.';

CREATE FUNCTION btwin.struggle_level(probability float8) RETURNS text
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'struggle_level_of';
COMMENT ON FUNCTION btwin.struggle_level(float8) IS
'Risk level of a struggle probability: HIGH from 0.7, MEDIUM from 0.4, else LOW (Epic 5 domain model, 2.13). Error 22003 outside 0 to 1.';

CREATE FUNCTION btwin.struggle_outcome(probability float8, struggled boolean) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN CASE WHEN probability OPERATOR(pg_catalog.>=) 0.5
                THEN CASE WHEN struggled THEN 'CONFIRMED' ELSE 'FALSE_POSITIVE' END
                ELSE CASE WHEN struggled THEN 'MISSED' ELSE 'RESOLVED' END END;
COMMENT ON FUNCTION btwin.struggle_outcome(float8, boolean) IS
'What became of a prediction, one of four, so that the confusion matrix can be rebuilt: CONFIRMED (predicted from 0.5, and so it was), FALSE_POSITIVE, MISSED, RESOLVED (neither). NULL while the outcome is unknown.';
