-- bench.compare: times statements against each other in one run, interleaved,
-- so that a noisy machine disturbs all of them alike.
--
--   SELECT * FROM bench.compare(ARRAY['ours', 'theirs'], ARRAY['SELECT ...', 'SELECT ...'], runs => 7);
--
-- One row per statement: median, fastest and slowest time in ms, the median of
-- its ratios to the first statement, round by round, and the spread of these
-- (lower and upper quartile). One round before the first is not counted. The
-- order within a round turns by one each time: whoever warms the cache changes.
CREATE SCHEMA bench;

CREATE FUNCTION bench.compare(labels text[], statements text[], runs int DEFAULT 7,
    OUT label text, OUT median_ms numeric, OUT fastest_ms numeric, OUT slowest_ms numeric,
    OUT ratio numeric, OUT ratio_low numeric, OUT ratio_high numeric)
RETURNS SETOF record LANGUAGE plpgsql AS $$
DECLARE
    n int := cardinality(statements);
    took float8[] := array_fill(NULL::float8, ARRAY[n * (runs + 1)]);
    begun timestamptz;
    which int;
BEGIN
    IF n IS DISTINCT FROM cardinality(labels) OR n = 0 OR runs < 1 THEN
        RAISE EXCEPTION 'bench.compare needs a label for each statement and at least one run';
    END IF;
    FOR round IN 0..runs LOOP
        FOR i IN 0..n - 1 LOOP
            which := (i + round) % n;
            begun := clock_timestamp();
            EXECUTE statements[which + 1];
            took[round * n + which + 1] := 1000 * extract(epoch FROM clock_timestamp() - begun);
        END LOOP;
    END LOOP;
    RETURN QUERY
    SELECT labels[w + 1],
           round(percentile_cont(0.5) WITHIN GROUP (ORDER BY t)::numeric, 2),
           round(min(t)::numeric, 2), round(max(t)::numeric, 2),
           round(percentile_cont(0.5) WITHIN GROUP (ORDER BY t / base)::numeric, 3),
           round(percentile_cont(0.25) WITHIN GROUP (ORDER BY t / base)::numeric, 3),
           round(percentile_cont(0.75) WITHIN GROUP (ORDER BY t / base)::numeric, 3)
    FROM generate_series(0, n - 1) AS w
    CROSS JOIN LATERAL (SELECT took[r * n + w + 1] AS t, took[r * n + 1] AS base
                        FROM generate_series(1, runs) AS r) AS timing
    GROUP BY w ORDER BY w;
END
$$;
