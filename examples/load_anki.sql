-- Loads one learner's Anki review log: the columns of the revlog table as CSV
-- with a header line, in this order:
--   id (ms since 1970), cid, ease, ivl, lastIvl, factor, time (ms), type
--   psql -v file=/path/to/revlog.csv -v learner=me -f examples/load_anki.sql
-- (from a collection: sqlite3 -header -csv collection.anki2
--    "SELECT id, cid, ease, ivl, lastIvl, factor, time, type FROM revlog")
-- Mapping: ease 1 to 4 = AGAIN, HARD, GOOD, EASY; rows with ease 0 (manual
-- rescheduling, type 4) are no reviews and are left out. revlog.id is the
-- moment of the answer: the question was shown "time" earlier.
\set ON_ERROR_STOP on
\set QUIET on
\if :{?file} \else
\warn 'load_anki.sql: pass the file: psql -v file=... -f load_anki.sql'
\quit
\endif
\if :{?learner} \else
\set learner anki
\endif
\echo loading Anki reviews ...
CREATE TEMP TABLE revlog (id bigint, cid bigint, ease int, ivl int, last_ivl int, factor int, "time" int, type int);
\set copy '\\copy revlog FROM PROGRAM ''gzip -dcf "' :file '"'' WITH (FORMAT csv, HEADER)'
:copy
CREATE TEMP TABLE trial AS
SELECT :'learner'::text AS learner, cid::text AS item, NULL::text AS topic,
       to_timestamp((id - "time") / 1000.0) AS shown_at,
       CASE ease WHEN 1 THEN 'AGAIN' WHEN 2 THEN 'HARD' WHEN 3 THEN 'GOOD' WHEN 4 THEN 'EASY' END AS rating,
       "time" AS latency_ms
FROM revlog WHERE ease BETWEEN 1 AND 4;
DROP TABLE revlog;
\ir trials.sql
