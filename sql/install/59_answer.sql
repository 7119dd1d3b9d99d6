-- What the answers of btwin_api are made of: scores as documents, shares and means
-- with their intervals, numbers and moments found in documents of the application.

-- A score

CREATE FUNCTION btwin._score(value float8, low float8, high float8, confidence float8, evidence_count integer, method text, version text,
                             computed_for timestamptz, reasons text[], reason text DEFAULT NULL) RETURNS jsonb
LANGUAGE c STABLE PARALLEL SAFE
AS 'MODULE_PATHNAME', 'btwin_score';
COMMENT ON FUNCTION btwin._score(float8, float8, float8, float8, integer, text, text, timestamptz, text[], text) IS
'Internal: a score as a document: value, 95 % interval, confidence, number of rows, rule, moment, what it is made of in words, and why there is no value.';

-- Numbers as they stand in tables and documents of an application

CREATE FUNCTION btwin._plain_number(value float8) RETURNS float8
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN abs(value) < 1e-100 THEN 0 WHEN abs(value) <= 1e100 THEN value END;
COMMENT ON FUNCTION btwin._plain_number(float8) IS
'Internal: the number where one can calculate with it: NULL for NaN, infinity and beyond 1e100, 0 below 1e-100.';

CREATE FUNCTION btwin._json_number(value jsonb, low numeric DEFAULT -1e100, high numeric DEFAULT 1e100) RETURNS float8
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $json_number$
SELECT CASE WHEN pg_catalog.jsonb_typeof(value) OPERATOR(pg_catalog.=) 'number'
            THEN CASE WHEN value::pg_catalog.numeric OPERATOR(pg_catalog.>=) low AND value::pg_catalog.numeric OPERATOR(pg_catalog.<=) high
                      -- so small that no float8 holds it is 0
                      THEN pg_catalog.round(value::pg_catalog.numeric, 100)::pg_catalog.float8 END END
$json_number$;
COMMENT ON FUNCTION btwin._json_number(jsonb, numeric, numeric) IS
'Internal: the number in a JSON value; NULL for anything else, and for one outside [low, high].';

-- Unsafe in parallel: what catches an error is a subtransaction.
CREATE FUNCTION btwin._unwrapped(document jsonb) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $unwrapped$
BEGIN
    RETURN CASE WHEN jsonb_typeof(document) = 'string' THEN (document #>> '{}')::jsonb ELSE document END;
EXCEPTION WHEN data_exception OR program_limit_exceeded THEN
    RETURN NULL;
END
$unwrapped$;
COMMENT ON FUNCTION btwin._unwrapped(jsonb) IS
'Internal: a document that was written as a string within a document, as the reference does; any other as it is; NULL where the string is none.';

CREATE FUNCTION btwin._json_moment(value text) RETURNS timestamptz
    LANGUAGE sql STABLE PARALLEL SAFE
RETURN CASE WHEN value ~ ('^([12][0-9]{3}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))|20([02468][048]|[13579][26])-02-29)'
                          || 'T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]{1,9})?(Z|[+-](0[0-9]|1[0-4]):[0-5][0-9])$')
            THEN value::timestamptz END;
COMMENT ON FUNCTION btwin._json_moment(text) IS
'Internal: a moment as JSON documents have it (2026-03-16T12:00:00.000Z, or with an offset); NULL for anything else.';

-- Scores of shares and means

CREATE FUNCTION btwin._t_critical(df float8) RETURNS float8
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $t_critical$
DECLARE
    -- somewhere near; from there by secants over logarithms, which are straight
    -- lines for few degrees of freedom
    here    float8 := ln(2 + 3 / df);
    before  float8 := here - 0.01;
    missed  float8;
    missed_before float8 := ln((1 - btwin.beta_cdf(exp(2 * before) / (df + exp(2 * before)), 0.5, df / 2)) / 0.05);
    step    float8;
BEGIN
    FOR i IN 1 .. 30 LOOP
        missed := ln((1 - btwin.beta_cdf(exp(2 * here) / (df + exp(2 * here)), 0.5, df / 2)) / 0.05);
        EXIT WHEN missed = missed_before;
        step := missed * (here - before) / (missed - missed_before);
        before := here;
        missed_before := missed;
        here := here - step;
        EXIT WHEN abs(step) < 1e-13;
    END LOOP;
    RETURN exp(here);
END
$t_critical$;
COMMENT ON FUNCTION btwin._t_critical(float8) IS
'Internal: the t that Student''s distribution with df degrees of freedom (1 or more) exceeds, either way, with probability 0.05.';

CREATE FUNCTION btwin._evidence_confidence(n bigint) RETURNS float8
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN n / (n + 10.0)::float8;
COMMENT ON FUNCTION btwin._evidence_confidence(bigint) IS
'Internal: confidence of a share or mean: what n rows weigh beside ten rows of doubt.';

CREATE FUNCTION btwin._share_score(successes bigint, n bigint, version text, computed_for timestamptz, reasons text[], scale float8 DEFAULT 1) RETURNS jsonb
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $share_score$
DECLARE
    z       CONSTANT float8 := 1.959963984540054;
    share   float8;
    middle  float8;
    half    float8;
BEGIN
    IF n = 0 THEN
        RETURN btwin._score(NULL, NULL, NULL, 0, 0, 'btwin', version, computed_for, NULL, 'no_rows');
    END IF;
    share := successes / n::float8;
    middle := (share + z * z / (2 * n)) / (1 + z * z / n);
    half := z * sqrt(share * (1 - share) / n + z * z / (4.0 * n * n)) / (1 + z * z / n);
    RETURN btwin._score(scale * share, scale * greatest(middle - half, 0), scale * least(middle + half, 1), btwin._evidence_confidence(n), n::int,
                        'btwin', version, computed_for, reasons);
END
$share_score$;
COMMENT ON FUNCTION btwin._share_score(bigint, bigint, text, timestamptz, text[], float8) IS
'Internal: score of a share, times scale, with its interval after Wilson (1927); NULL with reason no_rows of nothing.';

CREATE FUNCTION btwin._spread(sd float8, mean float8) RETURNS float8
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN sd <= 1e-9 * greatest(1, abs(mean)) THEN 0 ELSE sd END;
COMMENT ON FUNCTION btwin._spread(float8, float8) IS
'Internal: the standard deviation sd of values with this mean; 0 where it is no more than rounding leaves of values that are all alike (1e-9, and a billionth of the mean): twelve times 0.1 have one of 1e-17.';

CREATE FUNCTION btwin._mean_score(n bigint, mean float8, sd float8, least_value float8, greatest_value float8, version text, computed_for timestamptz, reasons text[]) RETURNS jsonb
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $mean_score$
DECLARE
    half float8;
BEGIN
    IF n = 0 THEN
        RETURN btwin._score(NULL, NULL, NULL, 0, 0, 'btwin', version, computed_for, NULL, 'no_rows');
    END IF;
    -- values that are all alike say nothing about how far others may lie
    IF btwin._spread(sd, mean) > 0 THEN
        half := btwin._t_critical(n - 1) * sd / sqrt(n);
    END IF;
    RETURN btwin._score(mean, CASE WHEN half IS NOT NULL THEN greatest(mean - half, least_value) END,
                        CASE WHEN half IS NOT NULL THEN least(mean + half, greatest_value) END,
                        btwin._evidence_confidence(n), n::int, 'btwin', version, computed_for, reasons);
END
$mean_score$;
COMMENT ON FUNCTION btwin._mean_score(bigint, float8, float8, float8, float8, text, timestamptz, text[]) IS
'Internal: score of a mean of n values with the sample standard deviation sd (NULL below two) and its interval after Student within the range of the values; no interval where all are alike; NULL with reason no_rows of nothing.';
