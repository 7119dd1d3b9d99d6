-- The bandit family against its twin in SQL, and the laws of merging.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS btwin;
\ir bandit_twin.sql
SELECT plan(10);
SELECT setseed(0.314159);
\echo # seed 0.314159

-- rows of many sizes: ties, duplicates, extremes, NULLs
CREATE TEMP TABLE sample AS
SELECT size, variant, g AS place,
       CASE WHEN random() < 0.02 THEN NULL ELSE 'arm ' || floor(random() * 7)::int END AS arm,
       CASE WHEN random() < 0.02 THEN NULL
            WHEN variant = 0 THEN random()
            WHEN variant = 1 THEN (random() < 0.3)::int
            WHEN variant = 2 THEN (random() - 0.5) * 1e150
            ELSE 1e9 + random() END AS reward,
       CASE WHEN variant = 0 THEN random() * 3 ELSE 1 END AS weight
FROM unnest('{0,1,2,10,1000,10000}'::int[]) size, generate_series(0, 3) variant, generate_series(1, size) g;
ANALYZE sample;

CREATE TEMP TABLE state AS
SELECT size, variant, btwin.bandit_agg(arm, reward, weight) AS s, btwin.bandit_agg(arm, reward, weight ORDER BY place DESC) AS reversed
FROM sample GROUP BY size, variant;

CREATE FUNCTION pg_temp.near(a float8, b float8, tolerance float8 DEFAULT 1e-9) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT a IS NOT DISTINCT FROM b OR coalesce(abs(a - b) <= tolerance * greatest(abs(a), abs(b)) + 1e-300, false)
$$;
CREATE TEMP TABLE twin AS
SELECT g.size, g.variant, t.*
FROM (SELECT size, variant, array_agg(arm ORDER BY place) AS arms, array_agg(reward ORDER BY place) AS rewards, array_agg(weight ORDER BY place) AS weights
      FROM sample GROUP BY size, variant) g,
     LATERAL btwin_oracle.bandit_arms(arms, rewards, weights) t;

-- squared deviations are compared against the scale of the squares: the twin's
-- plain sums lose digits at 1e9 + noise, and say so in the tolerance
SELECT is_empty($$
    SELECT size, variant, arm, c.*, t.*
    FROM (SELECT size, variant, a.* FROM state, LATERAL btwin.arms(s) a) c
    FULL JOIN twin t USING (size, variant, arm)
    WHERE c.pulls IS DISTINCT FROM t.pulls OR NOT pg_temp.near(c.weight, t.weight)
       OR NOT pg_temp.near(c.weight * c.mean_reward, t.total)
       OR c.min_reward IS DISTINCT FROM t.low OR c.max_reward IS DISTINCT FROM t.high
       OR (t.weight > 1 AND abs(c.sd_reward ^ 2 * (t.weight - 1) - t.squared) > 1e-9 * t.squared + 1e-15 * t.weight * greatest(abs(t.low), abs(t.high)) ^ 2)
$$, 'counts, weights, sums, squared deviations and extremes equal the twin');
SELECT isnt_empty('SELECT FROM twin WHERE pulls > 100', 'the comparison saw large arms');

SELECT is_empty($$
    SELECT size, variant FROM state s, LATERAL btwin.arms(s.s) a JOIN LATERAL btwin.arms(s.reversed) b USING (arm)
    WHERE a.pulls <> b.pulls OR NOT pg_temp.near(a.mean_reward, b.mean_reward) OR NOT pg_temp.near(a.weight, b.weight)
       OR NOT coalesce(pg_temp.near(a.sd_reward, b.sd_reward, CASE WHEN variant = 3 THEN 1e-4 ELSE 1e-9 END), true)
$$, 'the order of rows changes nothing beyond rounding');

-- (variant 3 is 1e9 plus noise of 1: its standard deviation has lost nine digits)
-- any split into parts, merged in any order and in any tree
CREATE TEMP TABLE part AS
SELECT size, variant, parts, bucket, btwin.bandit_agg(arm, reward, weight) AS s
FROM (SELECT *, floor(random() * parts)::int AS bucket FROM sample, unnest('{1,2,3,17}'::int[]) parts) x
GROUP BY size, variant, parts, bucket;
CREATE TEMP TABLE merged AS
SELECT size, variant, parts, btwin.rollup(s ORDER BY random()) AS flat FROM part GROUP BY size, variant, parts;
CREATE TEMP TABLE tree AS
SELECT size, variant, parts, btwin.rollup(s) AS nested
FROM (SELECT size, variant, parts, btwin.rollup(s ORDER BY random()) AS s FROM part GROUP BY size, variant, parts, bucket % 3) x
GROUP BY size, variant, parts;
SELECT is_empty($$
    SELECT m.size, m.variant, m.parts, a.arm
    FROM merged m JOIN tree USING (size, variant, parts) JOIN state s USING (size, variant),
         LATERAL btwin.arms(m.flat) a FULL JOIN LATERAL btwin.arms(s.s) b USING (arm) FULL JOIN LATERAL btwin.arms(tree.nested) c USING (arm)
    WHERE a.pulls IS DISTINCT FROM b.pulls OR b.pulls IS DISTINCT FROM c.pulls
       OR NOT pg_temp.near(a.mean_reward, b.mean_reward) OR NOT pg_temp.near(b.mean_reward, c.mean_reward)
       OR NOT pg_temp.near(a.sd_reward, b.sd_reward, CASE WHEN m.variant = 3 THEN 1e-4 ELSE 1e-9 END)
$$, 'any split and any order of merging give the state of all rows');
SELECT ok(bool_and(btwin.bandit_send((SELECT btwin.rollup(x) FROM (VALUES (s), (btwin.bandit_init('{}'))) v(x))) = btwin.bandit_send(s)),
          'the empty state is the identity, to the byte') FROM state;
SELECT is_empty($$
    SELECT a.size, b.size, variant, x.arm
    FROM state a JOIN state b USING (variant),
         LATERAL btwin.arms((SELECT btwin.rollup(v) FROM (VALUES (a.s), (b.s)) v(v))) x
         FULL JOIN LATERAL btwin.arms((SELECT btwin.rollup(v) FROM (VALUES (b.s), (a.s)) v(v))) y USING (arm)
    WHERE x.pulls IS DISTINCT FROM y.pulls OR NOT pg_temp.near(x.mean_reward, y.mean_reward)
       OR NOT pg_temp.near(x.sd_reward, y.sd_reward, CASE WHEN variant = 3 THEN 1e-4 ELSE 1e-9 END)
$$, 'merging two states commutes');
SELECT ok(bool_and(s::text::btwin.bandit::text = s::text AND btwin.bandit_send(s::text::btwin.bandit) = btwin.bandit_send(s)),
          'text forms of random states read back to the same bytes') FROM state;

-- propensities under Thompson sampling against the twin's quadrature
CREATE TEMP TABLE posterior AS
SELECT c, array_agg(0.5 + floor(random() * power(10, c % 4)) ORDER BY i) AS alpha, array_agg(0.5 + floor(random() * power(10, c % 4)) + (c % 2) * 0.37 ORDER BY i) AS beta
FROM generate_series(1, 12) c, generate_series(1, 2 + c % 5) i GROUP BY c;
CREATE TEMP TABLE expected AS
SELECT c, alpha, beta, btwin_oracle.beta_best(alpha, beta) AS best,
       -- a state with exactly these posteriors under the prior (1/2, 1/2)
       (SELECT btwin.bandit_agg('arm' || i, outcome, weight)
        FROM generate_subscripts(alpha, 1) i, LATERAL (VALUES (1.0, alpha[i] - 0.5), (0.0, beta[i] - 0.5)) v(outcome, weight)) AS s
FROM posterior;
SELECT is_empty($$
    SELECT c, q.arm, q.propensity, best[i]
    FROM expected, generate_subscripts(alpha, 1) i,
         LATERAL (SELECT * FROM btwin.propensities(s, prior_alpha => 0.5, prior_beta => 0.5) q WHERE q.arm = 'arm' || i) q
    WHERE abs(q.propensity - best[i]) > 2e-6
$$, 'Thompson propensities equal the twin''s quadrature');
SELECT ok(bool_and(abs(total - 1) < 1e-12), 'propensities sum to one')
FROM (SELECT p, size, sum(q.propensity) AS total
      FROM state, unnest('{thompson,thompson_gaussian,ucb,ucb1,kl_ucb,epsilon_greedy,greedy,uniform}'::text[]) p, LATERAL btwin.propensities(s, p) q
      WHERE variant IN (0, 1) AND size > 0 GROUP BY p, size, variant) x;
-- the arm that a deterministic policy takes is the one with the twin's largest index
SELECT is_empty($$
    SELECT size, variant, p.arm, i.arm
    FROM (SELECT size, variant, policy, q.arm FROM state, unnest('{ucb,ucb1}'::text[]) policy, LATERAL btwin.propensities(s, policy) q
          WHERE variant IN (0, 1) AND size >= 10 AND q.propensity = 1) p
    JOIN (SELECT DISTINCT ON (size, variant, policy) size, variant, policy, arm
          FROM (SELECT size, variant, arm, weight, squared, total / weight AS total_reward, sum(weight) OVER (PARTITION BY size, variant) AS total FROM twin WHERE variant IN (0, 1)) t, unnest('{ucb,ucb1}'::text[]) policy
          ORDER BY size, variant, policy,
                   CASE policy WHEN 'ucb' THEN btwin_oracle.ucb_tuned(weight, t.total_reward, squared / weight, total) ELSE btwin_oracle.ucb1(weight, t.total_reward, total) END DESC) i
    USING (size, variant, policy)
    WHERE p.arm <> i.arm
$$, 'UCB policies take the arm with the twin''s largest index');
SELECT * FROM finish();
