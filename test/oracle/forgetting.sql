-- The forgetting family against its twin in SQL, and the laws of merging.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS btwin;
\ir forgetting_twin.sql
SELECT plan(20);
SELECT setseed(0.271828);
\echo # seed 0.271828

-- Reviews of many sizes. Variant 0: half a year, few cards with many reviews;
-- 1: ties and duplicates with contradicting outcomes, NULLs; 2: everything
-- recalled; 3: nothing recalled, gaps from microseconds to centuries.
CREATE TEMP TABLE sample AS
SELECT size, variant, g AS place,
       CASE WHEN variant = 1 AND random() < 0.02 THEN NULL ELSE 'card ' || floor(random() ^ 2 * greatest(1, size / 6))::int END AS card,
       CASE WHEN variant = 1 AND random() < 0.02 THEN NULL
            WHEN variant = 1 THEN '2026-01-01 00:00Z'::timestamptz + interval '1 hour' * floor(random() * 200)
            WHEN variant = 3 THEN '0001-01-01 00:00Z'::timestamptz + interval '1 microsecond' * floor(10 ^ (random() * 17.6))::float8
            ELSE '2026-01-01 00:00Z'::timestamptz + interval '1 second' * floor(random() * 180 * 86400) END AS at,
       CASE WHEN variant = 1 AND random() < 0.02 THEN NULL WHEN variant = 2 THEN true WHEN variant = 3 THEN false
            ELSE random() < 0.8 END AS recalled
FROM unnest('{0,1,2,10,1000,10000}'::int[]) size, generate_series(0, 3) variant, generate_series(1, size) g;
ANALYZE sample;
CREATE TEMP TABLE state AS
SELECT size, variant, btwin.forgetting_agg(card, at, recalled) AS s, btwin.forgetting_agg(card, at, recalled ORDER BY random()) AS shuffled
FROM sample GROUP BY size, variant;

CREATE TEMP TABLE twin AS
SELECT g.size, g.variant, t.*
FROM (SELECT size, variant, array_agg(card ORDER BY place) AS cards, array_agg(at ORDER BY place) AS times, array_agg(recalled ORDER BY place) AS outcomes
      FROM sample GROUP BY size, variant) g,
     LATERAL btwin_oracle.forgetting_cells(cards, times, outcomes) t;

SELECT is_empty($$
    SELECT size, variant, successes, lapses, c.*, t.*
    FROM (SELECT size, variant, p.*, round(1024 * ln(elapsed_days) / ln(2::float8) * reviews + 16384 * reviews) AS codes, floor((1024 * ln(elapsed_days) / ln(2::float8) + 16384 + 1e-6) / 256)::int AS bin
          FROM state, LATERAL btwin.points(s) p) c
    FULL JOIN twin t USING (size, variant, successes, lapses, bin)
    WHERE c.reviews IS DISTINCT FROM t.reviews OR c.recalled IS DISTINCT FROM t.recalled OR c.codes IS DISTINCT FROM t.codes
$$, 'gaps, histories and codes of the evidence equal the twin');
SELECT ok(count(*) > 500 AND max(successes) = 15 AND max(lapses) = 7 AND min(bin) = 0 AND max(bin) > 120, 'the comparison saw every corner of the grid') FROM twin;
SELECT ok(bool_and(btwin.forgetting_send(s) = btwin.forgetting_send(shuffled)), 'the order of rows changes no byte') FROM state;

-- the fit, under the default prior and under a strange one
CREATE TEMP TABLE prior AS
SELECT 'default' AS name, btwin.forgetting_prior_default() AS p UNION ALL
SELECT 'strange', ROW(7, -0.5, 2, 0.1, 2, 0.4, 0.1, -0.2, 0.9, 0.3, 1.5)::btwin.forgetting_prior;
CREATE TEMP TABLE fit AS
SELECT s.size, s.variant, prior.name, f.at, f.sds
FROM state s CROSS JOIN prior CROSS JOIN LATERAL (
    SELECT coalesce(array_agg((codes / reviews::float8 - 16384) * ln(2::float8) / 1024), '{}') AS t, coalesce(array_agg(successes::float8), '{}') AS su, coalesce(array_agg(lapses::float8), '{}') AS la,
           coalesce(array_agg(reviews::float8), '{}') AS n, coalesce(array_agg(recalled::float8), '{}') AS r
    FROM twin t WHERE t.size = s.size AND t.variant = s.variant) c
CROSS JOIN LATERAL btwin_oracle.forgetting_fit(t, su, la, n, r,
    ARRAY[(p).logit_amplitude, (p).ln_half_life, (p).ln_exponent, (p).ln_growth, (p).ln_loss],
    ARRAY[(p).logit_amplitude_sd, (p).ln_half_life_sd, (p).ln_exponent_sd, (p).ln_growth_sd, (p).ln_loss_sd]) f;
CREATE TEMP TABLE compared AS
SELECT size, variant, name, q.parameter, q.estimate, q.sd, fit.at[q.place] AS twin_estimate, fit.sds[q.place] AS twin_sd
FROM fit JOIN state USING (size, variant) JOIN prior USING (name),
     LATERAL btwin.parameters(s, p) WITH ORDINALITY AS q(parameter, prior_mean, prior_sd, estimate, sd, place);
SELECT is_empty('SELECT * FROM compared WHERE abs(estimate - twin_estimate) > 1e-9 * greatest(1, abs(twin_estimate))', 'posterior modes equal the twin to 1e-9');
SELECT is_empty('SELECT * FROM compared WHERE abs(sd - twin_sd) > 1e-8 * twin_sd', 'posterior standard deviations equal the twin');
SELECT ok(count(*) >= 200 AND bool_or(estimate > prior_mean_default + 0.5) AND bool_or(estimate < prior_mean_default - 0.5), 'the comparison saw estimates far from the prior')
FROM compared, LATERAL (SELECT (btwin.forgetting_prior_default()).ln_half_life AS prior_mean_default) d WHERE parameter = 'ln_half_life' OR size > 0;

-- predictions from the twin's parameters
SELECT is_empty($$
    SELECT size, variant, name, days, su, la, btwin.retention(s, days, su, la, prior => p) AS found, btwin_oracle.forgetting_recall(at, days, su, la) AS expected
    FROM fit JOIN state USING (size, variant) JOIN prior USING (name), unnest('{0,0.01,1,30,3000}'::float8[]) days, unnest('{0,4}'::int[]) su, unnest('{0,3}'::int[]) la
    WHERE abs(btwin.retention(s, days, su, la, prior => p) / btwin_oracle.forgetting_recall(at, days, su, la) - 1) > 1e-8
$$, 'retention equals the twin');
SELECT is_empty($$
    SELECT size, variant, name, target, interval_days
    FROM fit JOIN state USING (size, variant) JOIN prior USING (name), unnest('{0.05,0.3,0.7}'::float8[]) target,
         LATERAL btwin.review_interval(s, target, 2, 1, prior => p) interval_days
    WHERE abs(btwin.retention(s, interval_days, 2, 1, prior => p) - target) > 1e-9
      AND NOT (interval_days = 0 AND btwin.retention(s, 0, prior => p) <= target) AND NOT (interval_days = 36525 AND btwin.retention(s, 36525, 2, 1, prior => p) >= target)
$$, 'review_interval is the inverse of retention');
-- contributions sum to the score, the interval is the parameter's
SELECT is_empty($$
    SELECT size, variant FROM state JOIN fit USING (size, variant) JOIN prior USING (name), LATERAL btwin.curve(s, 0.9, p) c
    WHERE abs((SELECT sum(contribution) FROM btwin.contributions(s, p)) - at[2]) > 1e-9 * greatest(1, abs(at[2]))
       OR abs(ln(c.half_life_high / c.half_life_low) / (2 * 1.6448536269514722) - CASE WHEN c.evidence_count = 0 THEN sds[2] ELSE sqrt(sds[2] ^ 2 + 0.2 ^ 2) END) > 1e-8
       OR abs(c.confidence - CASE WHEN c.evidence_count = 0 THEN 0 ELSE 1 - (sds[2] / (p).ln_half_life_sd) ^ 2 END) > 1e-8
       OR abs(c.stability * (2 ^ (1 / c.exponent) - 1) / c.half_life - 1) > 1e-12
$$, 'contributions, interval, confidence and stability agree with the twin');

-- any split into parts, merged in any order and in any tree; not only up to
-- rounding: to the byte
CREATE TEMP TABLE part AS
SELECT size, variant, parts, bucket, btwin.forgetting_agg(card, at, recalled) AS s
FROM (SELECT *, floor(random() * parts)::int AS bucket FROM sample, unnest('{1,2,3,17}'::int[]) parts) x
GROUP BY size, variant, parts, bucket;
SELECT is_empty($$
    SELECT size, variant, parts
    FROM (SELECT size, variant, parts, btwin.rollup(s ORDER BY random()) AS flat FROM part GROUP BY size, variant, parts) f
    JOIN (SELECT size, variant, parts, btwin.rollup(s) AS nested
          FROM (SELECT size, variant, parts, btwin.rollup(s ORDER BY random()) AS s FROM part GROUP BY size, variant, parts, bucket % 3) x
          GROUP BY size, variant, parts) t USING (size, variant, parts)
    JOIN state USING (size, variant)
    WHERE btwin.forgetting_send(flat) <> btwin.forgetting_send(state.s) OR btwin.forgetting_send(nested) <> btwin.forgetting_send(state.s)
$$, 'any split, order and tree of merging give the bytes of all rows');
CREATE TEMP TABLE empty AS SELECT btwin.forgetting_agg(NULL::float8, NULL::boolean) AS s;
SELECT ok(bool_and(btwin.forgetting_send((SELECT btwin.rollup(x) FROM (SELECT state.s UNION ALL SELECT empty.s FROM empty) v(x))) = btwin.forgetting_send(state.s)), 'the empty state is the identity') FROM state;
SELECT is_empty($$
    SELECT a.size, b.size, variant FROM state a JOIN state b USING (variant)
    WHERE btwin.forgetting_send((SELECT btwin.rollup(x) FROM (VALUES (a.s), (b.s)) v(x))) <> btwin.forgetting_send((SELECT btwin.rollup(x) FROM (VALUES (b.s), (a.s)) v(x)))
$$, 'merging is commutative');

-- sealing: periods of random length, sealed at every level or only at the end
CREATE TEMP TABLE cut AS
SELECT size, variant, k, percentile_disc((SELECT array_agg(i / (k + 1.0)) FROM generate_series(1, k) i)) WITHIN GROUP (ORDER BY at) AS cuts
FROM sample, unnest('{1,2,5,40}'::int[]) k WHERE at IS NOT NULL GROUP BY size, variant, k;
CREATE TEMP TABLE period AS
SELECT size, variant, k, width_bucket(at, cuts) AS number, btwin.forgetting_agg(card, at, recalled) AS s
FROM sample JOIN cut USING (size, variant) WHERE at IS NOT NULL GROUP BY size, variant, k, width_bucket(at, cuts);
SELECT is_empty($$
    SELECT size, variant, k
    FROM (SELECT size, variant, k, btwin.seal(btwin.rollup(btwin.seal(s) ORDER BY random())) AS twice, btwin.seal(btwin.rollup(s)) AS once, btwin.rollup(btwin.seal(s)) AS inner_only
          FROM period GROUP BY size, variant, k) x
    JOIN state USING (size, variant)
    WHERE btwin.forgetting_send(twice) <> btwin.forgetting_send(once) OR btwin.forgetting_send(once) <> btwin.forgetting_send(btwin.seal(s))
       OR btwin.half_life(inner_only) IS DISTINCT FROM btwin.half_life(s) OR btwin.evidence_count(inner_only) <> btwin.evidence_count(s)
$$, 'seal of merge = seal of merge of seals, and no accessor sees the difference');
SELECT ok(count(DISTINCT number) > 20, 'there were many periods') FROM period;
SELECT is_empty($$
    SELECT size, variant, card_id FROM state, LATERAL (SELECT * FROM btwin.cards(s) EXCEPT SELECT * FROM btwin.cards(btwin.seal(s))) x
$$, 'cards survive sealing');

-- condensing: a prefix that grows period by period
CREATE FUNCTION pg_temp.folded(states btwin.forgetting[]) RETURNS btwin.forgetting LANGUAGE plpgsql AS $$
DECLARE
    total btwin.forgetting;
    one   btwin.forgetting;
BEGIN
    FOREACH one IN ARRAY states LOOP
        total := btwin.condense((SELECT btwin.rollup(x) FROM (VALUES (total), (one)) v (x)));
    END LOOP;
    RETURN total;
END $$;
SELECT is_empty($$
    SELECT size, variant, k
    FROM (SELECT size, variant, k, pg_temp.folded(array_agg(CASE WHEN number % 2 = 0 THEN btwin.seal(s) ELSE s END ORDER BY number)) AS total FROM period GROUP BY size, variant, k) x
    JOIN state USING (size, variant)
    WHERE btwin.forgetting_send(total) <> btwin.forgetting_send(btwin.condense(s)) OR btwin.forgetting_send(total::text::btwin.forgetting) <> btwin.forgetting_send(total)
       OR btwin.half_life(total) IS DISTINCT FROM btwin.half_life(s) OR btwin.evidence_count(total) <> btwin.evidence_count(s)
       OR EXISTS (SELECT * FROM btwin.cards(s) EXCEPT SELECT * FROM btwin.cards(total)) OR EXISTS (SELECT * FROM btwin.points(s) EXCEPT SELECT * FROM btwin.points(total))
$$, 'condensed period by period = condensed at once, and no accessor sees the difference');
-- 60,000 reviews of 100 cards: header 4, two counts 4 each, a cell 26, a card 1 and its name, 4 for its number of runs, 25 for its run
SELECT ok(octet_length(btwin.forgetting_send(c)) = 12 + 26 * (SELECT count(*) FROM btwin.points(c)) + (SELECT sum(30 + octet_length(card_id)) FROM btwin.cards(c))
          AND 3 * octet_length(btwin.forgetting_send(c)) < octet_length(btwin.forgetting_send(btwin.seal(s))), 'condensed, a history takes its cells and its cards')
FROM (SELECT s, btwin.condense(s) AS c
      FROM (SELECT btwin.forgetting_agg('card ' || g % 100, '2020-01-01 00:00Z'::timestamptz + interval '1 minute' * (g * 40 + floor(random() * 30)::int), random() < 0.7) AS s FROM generate_series(1, 60000) g) x) y;

-- quarter octaves move nothing: the same fit over every single gap, of any
-- length and of whole days
CREATE TEMP TABLE gap AS
SELECT whole, days, s, l, random() < 0.9 / sqrt(1 + days / (2 * power(2, s) / power(4, l))) AS recalled
FROM (SELECT whole, CASE WHEN whole THEN ceil(power(64, random())) ELSE power(2, random() * 12 - 6) END AS days, floor(random() * 5)::int AS s, floor(random() * 2)::int AS l
      FROM unnest('{false,true}'::boolean[]) whole, generate_series(1, 10000)) x;
CREATE TEMP TABLE binned AS
SELECT whole, c.half_life, ln(c.half_life) AS ours, p.sd, f.at[2] AS single
FROM (SELECT whole, btwin.forgetting_agg(days, recalled, s, l) AS state, array_agg(ln(days)) AS t, array_agg(s::float8) AS su, array_agg(l::float8) AS la, array_agg(1::float8) AS n, array_agg(recalled::int::float8) AS r
      FROM gap GROUP BY whole) g,
     LATERAL btwin.curve(state) c, LATERAL btwin.parameters(state) p,
     LATERAL btwin_oracle.forgetting_fit(t, su, la, n, r, ARRAY[ln(9::float8), ln(20::float8), ln(0.5::float8), ln(2::float8), ln(4::float8)], '{1,1,0.2,0.4,0.6}') f
WHERE p.parameter = 'ln_half_life';
SELECT ok(bool_and(abs(ours - single) < 0.02 * sd), 'half-lives of 10,000 reviews (truth 6 days) from cells, from single gaps, in log standard deviations: ' ||
          string_agg(format('%s, %s, %s', round(half_life::numeric, 4), round(exp(single)::numeric, 4), round(((ours - single) / sd)::numeric, 4)), '; ' ORDER BY whole)) FROM binned;
SELECT ok(bool_and(abs(ours - ln(6::float8)) < 4 * sd AND sd < 0.2), 'and both are right') FROM binned;

-- the population is a fixed point: what the learners' own fits under it say
CREATE TEMP TABLE learner AS
SELECT u, btwin.forgetting_agg(power(2, (g % 40) / 5.0 - 3), random() < 0.9 / sqrt(1 + 3 * power(2, (g % 40) / 5.0 - 3) / (8 * exp(0.5 * u / 10.0)) / power(1.9, g % 3)), g % 3, 0) AS s
FROM generate_series(-12, 12) u, generate_series(1, 200) g GROUP BY u;
SELECT is_empty($$
    WITH p AS MATERIALIZED (SELECT btwin.forgetting_prior_agg(s) AS p FROM learner),
    d AS (SELECT q.parameter, q.prior_mean AS m0, q.prior_sd AS sd0 FROM empty, LATERAL btwin.parameters(s) q),
    own AS (SELECT parameter, q.prior_mean, q.prior_sd, estimate, sd FROM p, learner, LATERAL btwin.parameters(s, p) q),
    mean AS (SELECT parameter, (sum(estimate) + m0) / (count(*) + 1) AS m FROM own JOIN d USING (parameter) GROUP BY parameter, m0),
    step AS (SELECT parameter, m, sqrt((sum((estimate - m) ^ 2 + sd ^ 2) + sd0 ^ 2 + (m0 - m) ^ 2) / (count(*) + 1)) AS s, min(prior_mean) AS prior_mean, min(prior_sd) AS prior_sd
             FROM own JOIN mean USING (parameter) JOIN d USING (parameter) WHERE parameter <> 'ln_exponent' GROUP BY parameter, m, m0, sd0)
    SELECT * FROM step WHERE abs(m - prior_mean) > 1e-5 OR abs(s - prior_sd) > 1e-5
$$, 'the population that forgetting_prior_agg() finds reproduces itself');
SELECT * FROM finish();
