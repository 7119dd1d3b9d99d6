-- Loads the trial log of the LKT practice experiment (DataShop 5513, as shipped
-- with the R package LKT): reviews.csv, plain or gzipped, in the folder :folder.
--   psql -v folder=/path/to/lkt -f examples/load_lkt.sql
-- Mapping: examples/README.md. The log's own sessions are cut at the same 30
-- minutes of silence that trials.sql uses, so its session file is not needed.
\set ON_ERROR_STOP on
\set QUIET on
\if :{?folder} \else
\warn 'load_lkt.sql: pass the folder: psql -v folder=... -f load_lkt.sql'
\quit
\endif
\echo loading LKT trials ...
CREATE TEMP TABLE lkt_review (
    user_id text, session_id text, item_id text, topic_id text, shown_at timestamptz, answered_at timestamptz,
    outcome text, time_spent_ms int, first_key_ms int, feedback_ms int, input text, phase text, practice_condition text);
\set copy '\\copy lkt_review FROM PROGRAM ''gzip -dcf "' :folder '"/reviews.csv*'' WITH (FORMAT csv, HEADER)'
:copy
CREATE TEMP TABLE trial AS
SELECT 'lkt-' || user_id AS learner, item_id AS item, topic_id AS topic, shown_at,
       CASE outcome WHEN 'CORRECT' THEN 'GOOD' WHEN 'INCORRECT' THEN 'AGAIN' END AS rating,
       time_spent_ms AS latency_ms
FROM lkt_review;
\ir trials.sql

-- The practice plan of a fact was randomised per learner: a strategy, whose
-- outcome is the first answer to the fact in the posttest. A fact of the
-- posttest that was never practised was left out on purpose: its plan is "none".
INSERT INTO personalization_outcomes (id, user_id, outcome_type, context, "timestamp", performance_score, personalization_applied, strategy_variant)
SELECT 'lkt-' || t.user_id || ':posttest:' || t.topic_id, 'lkt-' || t.user_id, 'ASSESSMENT_COMPLETED', 'ASSESSMENT',
       t.shown_at, (t.outcome = 'CORRECT')::int, p.plan IS NOT NULL, coalesce(p.plan, 'none')
FROM (SELECT DISTINCT ON (user_id, topic_id) user_id, topic_id, shown_at, outcome
      FROM lkt_review WHERE phase = 'Posttest' AND outcome <> 'STUDY' ORDER BY user_id, topic_id, shown_at, item_id) AS t
LEFT JOIN (SELECT user_id, topic_id, 'plan ' || min(practice_condition) AS plan FROM lkt_review
           WHERE practice_condition <> '' GROUP BY 1, 2) AS p USING (user_id, topic_id)
ON CONFLICT DO NOTHING;
DROP TABLE lkt_review;
