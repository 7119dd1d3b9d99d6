-- what another policy would have earned

CREATE FUNCTION btwin.off_policy_accum(state float8[], reward float8, logged_propensity float8, target_propensity float8) RETURNS float8[]
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'off_policy_accum';
CREATE FUNCTION btwin.off_policy_combine(state float8[], other float8[]) RETURNS float8[]
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'off_policy_combine';

CREATE AGGREGATE btwin.off_policy_agg(reward float8, logged_propensity float8, target_propensity float8) (
    SFUNC = btwin.off_policy_accum,
    STYPE = float8[],
    INITCOND = '{0,0,0,0,0,0}',
    COMBINEFUNC = btwin.off_policy_combine,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE btwin.off_policy_agg(float8, float8, float8) IS
'Sums over logged decisions for off_policy_value(): reward received, propensity with which the arm was chosen then (above 0, at most 1), propensity the policy in question gives the same arm (0 to 1). The state is float8[6]: rows, sum w, sum w^2, sum w r, sum w^2 r, sum w^2 r^2 with w = target / logged; states add element by element. Rows with a NULL are skipped. Error 22003 out of range.';

CREATE AGGREGATE btwin.off_policy_rollup(state float8[]) (
    SFUNC = btwin.off_policy_combine,
    STYPE = float8[],
    INITCOND = '{0,0,0,0,0,0}',
    COMBINEFUNC = btwin.off_policy_combine,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE btwin.off_policy_rollup(float8[]) IS
'Merges states of off_policy_agg(). Error 22023 for any other array.';

CREATE FUNCTION btwin.off_policy_value(state float8[],
    OUT value float8, OUT standard_error float8, OUT low float8, OUT high float8,
    OUT inverse_propensity_value float8, OUT effective_sample_size float8, OUT evidence_count bigint)
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'off_policy_value';
COMMENT ON FUNCTION btwin.off_policy_value(float8[]) IS
'Mean reward that the policy in question would have earned: the self-normalised inverse propensity estimate sum(w r) / sum(w) with its delta-method standard error and 95 % interval (NULL below two rows), the plain estimate sum(w r) / rows beside it, and the effective sample size (sum w)^2 / sum w^2: an estimate with few effective rows is worth little, whatever its interval. All NULL when no row could have been chosen. Error 22023 for an array that is no state of off_policy_agg(). Source: Swaminathan and Joachims, NIPS 2015.';
