-- seeded random draws

CREATE FUNCTION btwin.random_normal(draws integer, seed bigint DEFAULT NULL) RETURNS SETOF float8
    LANGUAGE C VOLATILE PARALLEL RESTRICTED ROWS 100 AS 'MODULE_PATHNAME', 'random_normal';
COMMENT ON FUNCTION btwin.random_normal(integer, bigint) IS
'Draws from the standard normal distribution. draws: 0 to 10,000,000. The same seed gives the same draws on every platform; NULL takes a fresh stream. Error 22003 out of range.';

CREATE FUNCTION btwin.random_gamma(draws integer, shape float8, seed bigint DEFAULT NULL) RETURNS SETOF float8
    LANGUAGE C VOLATILE PARALLEL RESTRICTED ROWS 100 AS 'MODULE_PATHNAME', 'random_gamma';
COMMENT ON FUNCTION btwin.random_gamma(integer, float8, bigint) IS
'Draws from the gamma distribution with the given shape (> 0) and scale 1. draws: 0 to 10,000,000. Seed as for random_normal(). Source: Marsaglia and Tsang, ACM TOMS 26 (2000). Error 22003 out of range.';

CREATE FUNCTION btwin.random_beta(draws integer, alpha float8, beta float8, seed bigint DEFAULT NULL) RETURNS SETOF float8
    LANGUAGE C VOLATILE PARALLEL RESTRICTED ROWS 100 AS 'MODULE_PATHNAME', 'random_beta';
COMMENT ON FUNCTION btwin.random_beta(integer, float8, float8, bigint) IS
'Draws from the Beta(alpha, beta) distribution, both > 0, as the ratio of gamma draws. draws: 0 to 10,000,000. Seed as for random_normal(). Error 22003 out of range.';

CREATE FUNCTION btwin.normal_cdf(x float8) RETURNS float8
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'normal_cdf';
COMMENT ON FUNCTION btwin.normal_cdf(float8) IS
'P(X <= x) of the standard normal distribution. Error 22003 for NaN or infinity.';

CREATE FUNCTION btwin.gamma_cdf(x float8, shape float8) RETURNS float8
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME', 'gamma_cdf';
COMMENT ON FUNCTION btwin.gamma_cdf(float8, float8) IS
'P(X <= x) of the gamma distribution with the given shape (> 0) and scale 1. Error 22003 out of range.';

CREATE FUNCTION btwin.beta_cdf(x float8, alpha float8, beta float8) RETURNS float8
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME', 'beta_cdf';
COMMENT ON FUNCTION btwin.beta_cdf(float8, float8, float8) IS
'P(X <= x) of the Beta(alpha, beta) distribution, both > 0. Error 22003 out of range.';
