-- tier: all
-- Draws against their exact distributions: Kolmogorov-Smirnov, 20 seeds of
-- 100,000 draws each; the 20 p-values must themselves look uniform (a second
-- Kolmogorov-Smirnov test, p above 0.001), and no two seeds may share draws.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS btwin;
SELECT plan(9);

-- P(D > d) for n draws: Kolmogorov's series with Stephens' correction for n
CREATE FUNCTION pg_temp.ks_p(d float8, n float8) RETURNS float8 LANGUAGE sql IMMUTABLE AS $$
    SELECT greatest(0, least(1, 2 * sum(power(-1, k - 1) * exp(greatest(-700, -2 * power(k * d * (sqrt(n) + 0.12 + 0.11 / sqrt(n)), 2))))))
    FROM generate_series(1, 100) k
$$;
-- the statistic itself: D = 0.05 at n = 1000 has p = 0.0133 (scipy.stats.kstwobign.sf(0.05 * 31.7462) = 0.0129)
SELECT ok(abs(pg_temp.ks_p(0.05, 1000) - 0.0129) < 0.0005, 'Kolmogorov series agrees with SciPy at one point');

CREATE FUNCTION pg_temp.second_level(kind text, a float8, b float8, shift float8 DEFAULT 0) RETURNS float8 LANGUAGE plpgsql AS $$
DECLARE
    p float8[] := '{}';
    d float8;
BEGIN
    FOR seed IN 1..20 LOOP
        SELECT max(greatest(place / 100000.0 - cdf, cdf - (place - 1) / 100000.0)) INTO d
        FROM (SELECT row_number() OVER (ORDER BY cdf) AS place, cdf
              FROM (SELECT CASE kind WHEN 'normal' THEN btwin.normal_cdf(x + shift)
                                     WHEN 'gamma' THEN btwin.gamma_cdf(x + shift, a)
                                     ELSE btwin.beta_cdf(x + shift, a, b) END AS cdf
                    FROM (SELECT CASE kind WHEN 'normal' THEN NULL END) k,
                         LATERAL (SELECT btwin.random_normal(100000, seed * 7919) AS x WHERE kind = 'normal'
                                  UNION ALL SELECT btwin.random_gamma(100000, a, seed * 7919) WHERE kind = 'gamma'
                                  UNION ALL SELECT btwin.random_beta(100000, a, b, seed * 7919) WHERE kind = 'beta') draws) c) ranked;
        p := p || pg_temp.ks_p(d, 100000);
    END LOOP;
    SELECT max(greatest(place / 20.0 - v, v - (place - 1) / 20.0)) INTO d
    FROM (SELECT row_number() OVER (ORDER BY v) AS place, v FROM unnest(p) v) ranked;
    RETURN pg_temp.ks_p(d, 20);
END $$;

SELECT cmp_ok(pg_temp.second_level('normal', 0, 0), '>', 0.001::float8, 'standard normal');
SELECT cmp_ok(pg_temp.second_level('gamma', 0.3, 0), '>', 0.001::float8, 'gamma, shape 0.3');
SELECT cmp_ok(pg_temp.second_level('gamma', 50, 0), '>', 0.001::float8, 'gamma, shape 50');
SELECT cmp_ok(pg_temp.second_level('beta', 0.5, 0.5), '>', 0.001::float8, 'Beta(0.5, 0.5)');
SELECT cmp_ok(pg_temp.second_level('beta', 2, 5), '>', 0.001::float8, 'Beta(2, 5)');
SELECT cmp_ok(pg_temp.second_level('beta', 300, 700), '>', 0.001::float8, 'Beta(300, 700)');
-- the test has teeth: a shift of a hundredth of a standard deviation is found
SELECT cmp_ok(pg_temp.second_level('normal', 0, 0, 0.01), '<=', 0.001::float8, 'a normal shifted by 0.01 is refused');
SELECT is((SELECT count(DISTINCT x)::int FROM generate_series(1, 1000) s, LATERAL btwin.random_normal(1, s) x), 1000,
          'a thousand seeds give a thousand different first draws');
SELECT * FROM finish();
