-- Loads any answer log with a header line and these columns, in this order:
--   learner, item, topic, time, correct, latency
-- time: anything timestamptz reads (no zone = UTC); correct: 0/1 or true/false,
-- empty = a study trial; latency in milliseconds; topic and latency may be empty.
--   psql -v file=/path/to/log.csv -f examples/load_csv.sql
\set ON_ERROR_STOP on
\set QUIET on
\if :{?file} \else
\warn 'load_csv.sql: pass the file: psql -v file=... -f load_csv.sql'
\quit
\endif
\echo loading answers ...
SET timezone = 'UTC';
CREATE TEMP TABLE answer (learner text, item text, topic text, "time" timestamptz, correct boolean, latency float8);
\set copy '\\copy answer FROM PROGRAM ''gzip -dcf "' :file '"'' WITH (FORMAT csv, HEADER)'
:copy
CREATE TEMP TABLE trial AS
SELECT learner, item, topic, "time" AS shown_at,
       CASE WHEN correct THEN 'GOOD' WHEN NOT correct THEN 'AGAIN' END AS rating,
       round(latency)::int AS latency_ms
FROM answer;
DROP TABLE answer;
\ir trials.sql
