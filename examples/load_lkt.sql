-- Loads the trial log of the LKT practice experiment (DataShop 5513, as shipped
-- with the R package LKT): reviews.csv.gz in the folder :folder.
--   psql -v folder=/path/to/lkt -f examples/load_lkt.sql
-- Mapping: examples/README.md. The log's own sessions are cut at the same 30
-- minutes of silence that trials.sql uses, so its session file is not needed.
\set ON_ERROR_STOP on
\if :{?folder} \else
\warn 'load_lkt.sql: pass the folder: psql -v folder=... -f load_lkt.sql'
\quit
\endif
\echo loading LKT trials ...
CREATE TEMP TABLE lkt_review (
    user_id text, session_id text, item_id text, topic_id text, shown_at timestamptz, answered_at timestamptz,
    outcome text, time_spent_ms int, first_key_ms int, feedback_ms int, input text, phase text, practice_condition text);
\set copy '\\copy lkt_review FROM PROGRAM ''gzip -dc ' :folder '/reviews.csv.gz'' WITH (FORMAT csv, HEADER)'
:copy
CREATE TEMP TABLE trial AS
SELECT 'lkt-' || user_id AS learner, item_id AS item, topic_id AS topic, shown_at,
       CASE outcome WHEN 'CORRECT' THEN 'GOOD' WHEN 'INCORRECT' THEN 'AGAIN' END AS rating,
       time_spent_ms AS latency_ms, outcome = 'STUDY' AS study
FROM lkt_review;
DROP TABLE lkt_review;
\ir trials.sql
