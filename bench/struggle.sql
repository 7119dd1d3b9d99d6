-- struggle: one training step against plain SQL and PL/pgSQL, per row against
-- regr_slope(), in parallel, and one prediction per row. Run by bench/run.
\if :{?rows}
\else
\set rows 5000000
\endif
\pset footer off
SET jit = off;
SET max_parallel_workers_per_gather = 0;
SELECT setseed(0.12) \gset
CREATE UNLOGGED TABLE example AS
SELECT random() < 0.3 AS y, ARRAY[random(), random(), random()] AS x, random() AS a, random() AS b,
       ARRAY[random(), random(), random(), random(), random(), random(), random(), random(),
             random(), random(), random(), random(), random(), random(), random()] AS x15
FROM generate_series(1, :rows);
CREATE UNLOGGED TABLE few AS SELECT * FROM example LIMIT least(:rows / 20, 100000);
VACUUM ANALYZE example;
VACUUM ANALYZE few;

-- The same step, set-based, as flat as it can be written: the curvature once
-- per row, then one sum per derivative.
CREATE FUNCTION plain_sql(tab regclass) RETURNS text LANGUAGE sql AS $$
SELECT format('SELECT sum(r), sum(r * x1), sum(r * x2), sum(r * x3), sum(w), sum(w * x1), sum(w * x2), sum(w * x3), '
    'sum(w * x1 * x1), sum(w * x1 * x2), sum(w * x1 * x3), sum(w * x2 * x2), sum(w * x2 * x3), sum(w * x3 * x3), sum(l) '
    'FROM (SELECT x1, x2, x3, CASE WHEN y THEN 1 - p ELSE -p END AS r, p * (1 - p) AS w, ln(CASE WHEN y THEN p ELSE 1 - p END) AS l '
    'FROM (SELECT y, x[1] AS x1, x[2] AS x2, x[3] AS x3, 1 / (1 + exp(-(0.1 + 0.2 * x[1] - 0.3 * x[2] + 0.4 * x[3]))) AS p FROM %s OFFSET 0) q OFFSET 0) q', tab) $$;

-- And as an aggregate in PL/pgSQL
CREATE FUNCTION step_plpgsql(state float8[], y boolean, x float8[], beta float8[]) RETURNS float8[] LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    n int := cardinality(beta);
    k int := n + 1;
    z float8 := beta[1];
    d float8[] := 1::float8 || x;
    p float8; r float8; w float8;
BEGIN
    FOR i IN 2..n LOOP z := z + beta[i] * d[i]; END LOOP;
    p := 1 / (1 + exp(-z));
    r := CASE WHEN y THEN 1 - p ELSE -p END;
    w := p * (1 - p);
    state[1] := state[1] + ln(CASE WHEN y THEN p ELSE 1 - p END);
    FOR i IN 1..n LOOP
        state[1 + i] := state[1 + i] + r * d[i];
        FOR j IN 1..i LOOP k := k + 1; state[k] := state[k] + w * d[i] * d[j]; END LOOP;
    END LOOP;
    RETURN state;
END $$;
CREATE AGGREGATE step_plpgsql_agg(boolean, float8[], float8[]) (SFUNC = step_plpgsql, STYPE = float8[], INITCOND = '{0,0,0,0,0,0,0,0,0,0,0,0,0,0,0}');

\echo
\echo one step over 3 features against the best set-based SQL and regr_slope(), all rows
SELECT * FROM bench.compare(ARRAY['logit_step_agg, 3 features', 'set-based SQL', 'regr_slope', 'logit_step_agg, 15 features'],
    ARRAY['SELECT btwin.logit_step_agg(y, x, ''{0.1,0.2,-0.3,0.4}'') FROM example', plain_sql('example'), 'SELECT regr_slope(a, b) FROM example',
          'SELECT btwin.logit_step_agg(btwin.struggle_model(), y, x15) FROM example'], 5);

\echo
\echo the same against the aggregate in PL/pgSQL, a part of the rows
SELECT * FROM bench.compare(ARRAY['logit_step_agg', 'PL/pgSQL'],
    ARRAY['SELECT btwin.logit_step_agg(y, x, ''{0.1,0.2,-0.3,0.4}'') FROM few', 'SELECT step_plpgsql_agg(y, x, ''{0.1,0.2,-0.3,0.4}'') FROM few'], 5);

\echo
\echo parallel: two workers and the leader
SET max_parallel_workers_per_gather = 2;
SET parallel_setup_cost = 0;
SET min_parallel_table_scan_size = 0;
SELECT * FROM bench.compare(ARRAY['logit_step_agg, 3 features', 'regr_slope'],
    ARRAY['SELECT btwin.logit_step_agg(y, x, ''{0.1,0.2,-0.3,0.4}'') FROM example', 'SELECT regr_slope(a, b) FROM example'], 5);
SET max_parallel_workers_per_gather = 0;

\echo
\echo predictions, a part of the rows
SELECT * FROM bench.compare(ARRAY['struggle_probability', 'predict', 'epic5_struggle', 'twin: set-based SQL, known features'],
    ARRAY['SELECT sum(btwin.struggle_probability(x15)) FROM few', 'SELECT sum((btwin.predict(btwin.struggle_model(), x15)).probability) FROM few',
          'SELECT sum((btwin.epic5_struggle(x15)).probability) FROM few',
          'SELECT sum(p) FROM few, LATERAL (SELECT 1 / (1 + exp(-(-0.75 + sum(f.coefficient * (u.v - f.mean))) / sqrt(1 + pi() / 8 * (0.09 + 0.25 * sum((u.v - f.mean) ^ 2))))) AS p
           FROM unnest(x15) WITH ORDINALITY u (v, j) JOIN btwin.struggle_features() f ON f."position" = u.j) q'], 5);

\echo
\echo training to convergence (logit_fit, 15 features), a part of the rows
SELECT * FROM bench.compare(ARRAY['logit_fit'], ARRAY['SELECT btwin.logit_fit(''SELECT y, x15 FROM few'', ARRAY(SELECT feature FROM btwin.struggle_features() ORDER BY "position"))'], 3);

DROP TABLE example, few;
DROP AGGREGATE step_plpgsql_agg(boolean, float8[], float8[]);
DROP FUNCTION step_plpgsql, plain_sql;
