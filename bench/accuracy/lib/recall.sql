-- P(t) as doc/forgetting.md has it, of the estimates of parameters(): retention()
-- fits anew for every state, and here a million rows ask 4,000 states
CREATE FUNCTION pg_temp.recall(at float8[], days float8, s bigint, l bigint) RETURNS float8 LANGUAGE sql IMMUTABLE AS $$
    SELECT 1 / (1 + exp(-at[1])) * (1 + days * (2 ^ (1 / exp(at[3])) - 1) * exp(least(l, 7) * at[5] - least(s, 15) * at[4] - at[2])) ^ -exp(at[3]) $$;
-- how many times as long as usual a card lasts, of its deviations from its population
CREATE FUNCTION pg_temp.lasting(shift float8[], s bigint, l bigint) RETURNS float8 LANGUAGE sql IMMUTABLE AS $$
    SELECT exp(shift[2] + least(s, 15) * shift[4] - least(l, 7) * shift[5]) $$;
CREATE FUNCTION pg_temp.fitted(s btwin.forgetting, p btwin.forgetting_prior, OUT at float8[], OUT shift float8[]) LANGUAGE sql IMMUTABLE AS $$
    SELECT array_agg(estimate ORDER BY place), array_agg(estimate - m ORDER BY place)
    FROM btwin.parameters(s, p) WITH ORDINALITY AS q (parameter, m, sd, estimate, esd, place) $$;
