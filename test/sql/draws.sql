-- seeded draws and their distributions
SET search_path = '';
SET extra_float_digits = 0;
\set SHOW_CONTEXT never

-- Expected: the published algorithms in Python 3.11, written apart from the
-- code: xoroshiro128** seeded by two rounds of SplitMix64 (Blackman and Vigna),
-- its upper 52 bits as a number in (0, 1); Marsaglia's polar method, first
-- variate; Marsaglia and Tsang (2000), below shape 1 with shape + 1 and the
-- factor U^(1/shape), U drawn first. Means by math.fsum.
\echo == the first three of 2000 draws, the mean of all and of their squares
--   normal(42)       -0.4688295166832935 0.5792502963032466 0.23876902537814826    0.04042005928877323 1.068432386397736
--   gamma(0.3; 4)     0.01040054088857924 0.12336611143276781 0.05082878884999116    0.30776349923530694 0.4554880144365474
--   gamma(1; 4)       0.3188529946996162 1.7818239914827967 0.326208237129522        1.0114378319559434  2.05920237004799
--   gamma(1.01; 4)    0.3256469172983893 1.7973306429519553 0.33308724983945526      1.021721307220595   2.0888863712243158
--   gamma(2.5; 4)     1.4719761275789542 3.8871047420154636 1.488667078743737        2.530980434314949   8.956750078216189
--   beta(0.5, 2; 3)   0.11737365586758342 0.3280011300061768 0.03189536899148572    0.19436748286682018 0.08165800122123025
CREATE FUNCTION public.digits(x float8) RETURNS text LANGUAGE sql IMMUTABLE
    RETURN pg_catalog.btrim(pg_catalog.to_char(x, '0.999999999EEEE'));
SELECT d.name, pg_catalog.array_agg(public.digits(d.x)) FILTER (WHERE d.place <= 3) AS first,
       public.digits(avg(d.x)) AS mean, public.digits(avg(d.x * d.x)) AS mean_square
FROM (SELECT 1 AS line, 'normal' AS name, x, place FROM btwin.random_normal(2000, 42) WITH ORDINALITY n(x, place)
      UNION ALL SELECT 2, 'gamma(' || shape || ')', x, place
      FROM pg_catalog.unnest('{0.3,1,1.01,2.5}'::float8[]) shape, btwin.random_gamma(2000, shape, 4) WITH ORDINALITY g(x, place)
      UNION ALL SELECT 3, 'beta', x, place FROM btwin.random_beta(2000, 0.5, 2, 3) WITH ORDINALITY b(x, place)) d
GROUP BY d.line, d.name ORDER BY d.line, d.name COLLATE "C";

\echo == distributions: 0.975 at 1.959964; 1 - exp(-x); x (2 - x); nothing below 0, all above 1
SELECT round(btwin.normal_cdf(1.959963984540054)::numeric, 12) AS normal,
       round(btwin.gamma_cdf(0.005, 1)::numeric, 12) AS gamma_low, round((1 - exp(-0.005::float8))::numeric, 12) AS expected,
       btwin.gamma_cdf(0, 1) AS gamma_0, btwin.gamma_cdf(-1, 2) AS gamma_below;
SELECT round(btwin.beta_cdf(0.005, 1, 2)::numeric, 12) AS low, btwin.beta_cdf(0, 1, 2) AS "0", btwin.beta_cdf(-1, 1, 2) AS below,
       btwin.beta_cdf(1, 1, 2) AS "1", btwin.beta_cdf(1.01, 1, 2) AS above, btwin.beta_cdf(1.5, 1, 2) AS far_above;

\echo == arguments
SELECT count(*) FROM btwin.random_normal(0, 1);
\set VERBOSITY sqlstate
SELECT btwin.random_normal(-1, 1);
SELECT btwin.random_gamma(1, 0, 1);
SELECT btwin.random_beta(1, 0, 1, 1);
SELECT btwin.random_beta(1, 1, 0, 1);
SELECT btwin.normal_cdf('NaN');
SELECT btwin.gamma_cdf(1, 0);
-- beyond what has an answer, and the last that has one
SELECT btwin.gamma_cdf(1, 1.1e300);
SELECT btwin.beta_cdf(0.5, 1.1e300, 1);
SELECT btwin.beta_cdf(0.5, 1, 1.1e300);
SELECT btwin.random_gamma(1, 0.9e-300, 1);
SELECT btwin.random_beta(1, 0.9e-300, 1, 1);
SELECT btwin.random_beta(1, 1, 1.1e300, 1);
-- P(X > 1) of a small shape is shape E1(1) = 0.2193839 shape; of Beta(a, a) half lies below 1/2
SELECT round(((1 - btwin.gamma_cdf(1, 1e-6)) / 1e-6)::numeric, 4) AS gamma_small, btwin.beta_cdf(0.5, 0.01, 0.01) AS beta_small;
SELECT btwin.gamma_cdf(1, 1e300) AS gamma_high, btwin.beta_cdf(0.5, 1e300, 1) AS beta_low, btwin.beta_cdf(0.5, 1, 1e300) AS beta_high,
       (SELECT pg_catalog.bool_and(x IN (0, 1)) FROM btwin.random_beta(100, 1e-300, 1e-300, 1) AS x) AS either_end;
SELECT btwin.beta_cdf(0.5, 0, 1);
SELECT btwin.beta_cdf(0.5, 1, 0);
\set VERBOSITY default
SELECT count(*) FROM btwin.random_normal(10000001, 1);
DROP FUNCTION public.digits(float8);
