-- The forgetting family's mathematics in plain SQL: an oracle for the C code,
-- and what a server without the library would run.
CREATE SCHEMA btwin_oracle;

-- the evidence in reviews: gaps of a card, counted by history and quarter octave
CREATE FUNCTION btwin_oracle.forgetting_cells(cards text[], times timestamptz[], outcomes boolean[])
RETURNS TABLE (successes int, lapses int, bin int, reviews bigint, recalled bigint, codes bigint)
LANGUAGE sql IMMUTABLE AS $$
    WITH review AS (
        -- a review seen twice is one review, not recalled if either says so
        SELECT card, at, bool_and(outcome) AS outcome
        FROM unnest(cards, times, outcomes) AS u(card, at, outcome)
        WHERE card IS NOT NULL AND at IS NOT NULL AND outcome IS NOT NULL
        GROUP BY card, at
    ), gap AS (
        SELECT card, at, outcome, row_number() OVER w AS place,
               extract(epoch FROM at - lag(at) OVER w)::float8 / 86400 AS days
        FROM review
        WINDOW w AS (PARTITION BY card ORDER BY at)
    ), history AS (
        SELECT outcome, days,
               count(*) FILTER (WHERE outcome AND place > 1) OVER w AS s,
               count(*) FILTER (WHERE NOT outcome AND place > 1) OVER w AS l, place
        FROM gap
        WINDOW w AS (PARTITION BY card ORDER BY at ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
    ), coded AS (
        SELECT least(s, 15)::int AS s, least(l, 7)::int AS l, outcome,
               CASE WHEN days > 0 THEN greatest(0, least(32767, floor(1024 * ln(days) / ln(2::float8) + 0.5) + 16384))::bigint ELSE 0 END AS code
        FROM history WHERE place > 1
    )
    SELECT s, l, (code / 256)::int, count(*), count(*) FILTER (WHERE outcome), sum(code)::bigint
    FROM coded GROUP BY s, l, code / 256
$$;

-- P(t) of parameters logit a, ln H, ln b, ln growth, ln loss
CREATE FUNCTION btwin_oracle.forgetting_recall(at float8[], days float8, successes float8, lapses float8)
RETURNS float8 LANGUAGE sql IMMUTABLE AS $$
    SELECT 1 / (1 + exp(-at[1])) *
           (1 + days * (2 ^ (1 / exp(at[3])) - 1) * exp(lapses * at[5] - successes * at[4] - at[2])) ^ -exp(at[3])
$$;

-- solution of a symmetric positive definite system and the inverse's diagonal,
-- by Gauss-Jordan elimination of [A | b | I]
CREATE FUNCTION btwin_oracle.solve(a float8[], b float8[], OUT x float8[], OUT inverse float8[])
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    n int := cardinality(b);
    m float8[] := array_fill(0::float8, ARRAY[n, 2 * n + 1]);
    factor float8;
BEGIN
    FOR i IN 1..n LOOP
        FOR j IN 1..n LOOP m[i][j] := a[(i - 1) * n + j]; END LOOP;
        m[i][n + 1] := b[i];
        m[i][n + 1 + i] := 1;
    END LOOP;
    FOR i IN 1..n LOOP
        factor := m[i][i];
        FOR j IN 1..2 * n + 1 LOOP m[i][j] := m[i][j] / factor; END LOOP;
        FOR k IN 1..n LOOP
            CONTINUE WHEN k = i;
            factor := m[k][i];
            FOR j IN 1..2 * n + 1 LOOP m[k][j] := m[k][j] - factor * m[i][j]; END LOOP;
        END LOOP;
    END LOOP;
    x := array_fill(0::float8, ARRAY[n]);
    inverse := array_fill(0::float8, ARRAY[n]);
    FOR i IN 1..n LOOP
        x[i] := m[i][n + 1];
        inverse[i] := m[i][n + 1 + i];
    END LOOP;
END $$;

-- slope of the log posterior and its expected information: one pass over the cells
CREATE FUNCTION btwin_oracle.forgetting_slope(log_days float8[], successes float8[], lapses float8[], reviews float8[], recalled float8[],
    mean float8[], sd float8[], at float8[], OUT g float8[], OUT information float8[])
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    WITH scale AS MATERIALIZED (
        SELECT 1 / (1 + exp(-at[1])) AS a, exp(at[3]) AS b, ln(2::float8) / exp(at[3]) AS u, at[2] - ln(2 ^ (1 / exp(at[3])) - 1) AS log_s
    ), place AS MATERIALIZED (
        SELECT n, r, s, l, a, b, -u / (1 - exp(-u)) AS c1, t - log_s - s * at[4] + l * at[5] AS x
        FROM scale, unnest(log_days, successes, lapses, reviews, recalled) AS c(t, s, l, n, r)
    ), power AS MATERIALIZED (
        SELECT n, r, s, l, a, b, c1, ln(1 + exp(x)) AS l1, b / (1 + exp(-x)) AS slope FROM place
    ), cell AS MATERIALIZED (
        -- the derivatives of ln P by the five parameters
        SELECT n, r, a * exp(-b * l1) AS p, 1 - a AS d1, slope AS d2, -b * l1 - slope * c1 AS d3, slope * s AS d4, -slope * l AS d5 FROM power
    ), weighted AS MATERIALIZED (
        SELECT d1, d2, d3, d4, d5, r - (n - r) * p / (1 - p) AS v, n * p / (1 - p) AS w FROM cell
    ), total AS (
        SELECT sum(v * d1) AS v1, sum(v * d2) AS v2, sum(v * d3) AS v3, sum(v * d4) AS v4, sum(v * d5) AS v5,
               sum(w * d1 * d1) AS s11, sum(w * d1 * d2) AS s12, sum(w * d1 * d3) AS s13, sum(w * d1 * d4) AS s14, sum(w * d1 * d5) AS s15, sum(w * d2 * d2) AS s22,
               sum(w * d2 * d3) AS s23, sum(w * d2 * d4) AS s24, sum(w * d2 * d5) AS s25, sum(w * d3 * d3) AS s33, sum(w * d3 * d4) AS s34, sum(w * d3 * d5) AS s35,
               sum(w * d4 * d4) AS s44, sum(w * d4 * d5) AS s45, sum(w * d5 * d5) AS s55
        FROM weighted
    )
    SELECT ARRAY[v1 - (at[1] - mean[1]) / sd[1] ^ 2, v2 - (at[2] - mean[2]) / sd[2] ^ 2, v3 - (at[3] - mean[3]) / sd[3] ^ 2, v4 - (at[4] - mean[4]) / sd[4] ^ 2, v5 - (at[5] - mean[5]) / sd[5] ^ 2],
           ARRAY[s11 + 1 / sd[1] ^ 2, s12, s13, s14, s15, s12, s22 + 1 / sd[2] ^ 2, s23, s24, s25, s13, s23, s33 + 1 / sd[3] ^ 2, s34, s35, s14, s24, s34, s44 + 1 /
                 sd[4] ^ 2, s45, s15, s25, s35, s45, s55 + 1 / sd[5] ^ 2]
    INTO g, information FROM total WHERE v1 IS NOT NULL;
    IF g IS NULL THEN
        g := (SELECT array_agg(-(at[i] - mean[i]) / sd[i] ^ 2 ORDER BY i) FROM generate_series(1, 5) i);
        information := (SELECT array_agg(CASE WHEN i = j THEN 1 / sd[i] ^ 2 ELSE 0 END ORDER BY i, j) FROM generate_series(1, 5) i, generate_series(1, 5) j);
    END IF;
END $$;

-- posterior mode: Fisher scoring with step halving from afar, Newton's method
-- with differences of the slope from near; standard deviations from the
-- expected information at the mode
CREATE FUNCTION btwin_oracle.forgetting_fit(log_days float8[], successes float8[], lapses float8[], reviews float8[], recalled float8[],
    mean float8[], sd float8[], OUT at float8[], OUT sds float8[])
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    here record;
    solved record;
    step float8[];
    next float8[];
    bent float8[];
    value float8;
    next_value float8;
    size float8;
    scale float8;
BEGIN
    at := mean;
    value := btwin_oracle.forgetting_objective(log_days, successes, lapses, reviews, recalled, mean, sd, at);
    FOR round IN 1..200 LOOP
        here := btwin_oracle.forgetting_slope(log_days, successes, lapses, reviews, recalled, mean, sd, at);
        step := (btwin_oracle.solve(here.information, here.g)).x;
        size := (SELECT max(abs(step[i]) / sd[i]) FROM generate_series(1, 5) i);
        EXIT WHEN size < 1e-12;
        IF size < 0.1 THEN
            bent := (SELECT array_agg((d.low - d.high) / (2e-5 * sd[i]) ORDER BY i, place)
                     FROM generate_series(1, 5) i,
                          LATERAL (SELECT array_agg(at[k] - CASE WHEN k = i THEN 1e-5 * sd[i] ELSE 0 END ORDER BY k) AS low,
                                          array_agg(at[k] + CASE WHEN k = i THEN 1e-5 * sd[i] ELSE 0 END ORDER BY k) AS high FROM generate_series(1, 5) k) l,
                          LATERAL unnest((btwin_oracle.forgetting_slope(log_days, successes, lapses, reviews, recalled, mean, sd, l.low)).g,
                                         (btwin_oracle.forgetting_slope(log_days, successes, lapses, reviews, recalled, mean, sd, l.high)).g) WITH ORDINALITY AS d(low, high, place));
            step := (btwin_oracle.solve(bent, here.g)).x;
        END IF;
        scale := 1;
        LOOP
            next := (SELECT array_agg(at[i] + scale * step[i] ORDER BY i) FROM generate_series(1, 5) i);
            next_value := btwin_oracle.forgetting_objective(log_days, successes, lapses, reviews, recalled, mean, sd, next);
            EXIT WHEN next_value <= value OR size * scale < 1e-5;
            scale := scale / 2;
        END LOOP;
        at := next;
        value := next_value;
    END LOOP;
    solved := btwin_oracle.solve(here.information, here.g);
    sds := (SELECT array_agg(sqrt(v) ORDER BY o) FROM unnest(solved.inverse) WITH ORDINALITY AS u(v, o));
END $$;

-- minus log posterior, constants left out; infinite where nothing is estimated
CREATE FUNCTION btwin_oracle.forgetting_objective(log_days float8[], successes float8[], lapses float8[], reviews float8[], recalled float8[],
    mean float8[], sd float8[], at float8[])
RETURNS float8 LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    IF abs(at[1]) > 11 OR at[2] NOT BETWEEN -12 AND 18.5 OR abs(at[3]) > 3 OR abs(at[4]) > 5 OR abs(at[5]) > 5 THEN
        RETURN 'Infinity';
    END IF;
    RETURN (SELECT sum(((at[i] - mean[i]) / sd[i]) ^ 2) / 2 FROM generate_series(1, 5) i)
         - coalesce((SELECT sum(r * ln(p) + CASE WHEN n > r THEN (n - r) * ln(1 - p) ELSE 0 END)
                     FROM (SELECT n, r, btwin_oracle.forgetting_recall(at, exp(t), s, l) AS p
                           FROM unnest(log_days, successes, lapses, reviews, recalled) AS c(t, s, l, n, r) OFFSET 0) x), 0);
END $$;
