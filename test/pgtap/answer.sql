-- Scores and texts for people, as the answers of btwin_api hold them.
\set QUIET on
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS btwin;
SELECT plan(30);

-- a score is the document that the server's own function makes
CREATE FUNCTION pg_temp.document(value float8, low float8, high float8, confidence float8, evidence_count integer, method text, version text,
                                 computed_for timestamptz, reasons text[], reason text) RETURNS jsonb LANGUAGE sql AS $$
SELECT jsonb_build_object('value', value, 'low', low, 'high', high, 'confidence', confidence, 'evidence_count', evidence_count, 'method', method, 'version', version,
                          'computed_for', computed_for, 'reasons', coalesce(reasons, '{}'), 'reason', CASE WHEN value IS NULL THEN reason END)
$$;
CREATE TEMP TABLE score (value float8, low float8, high float8, confidence float8, evidence_count integer, method text, version text,
                         computed_for timestamptz, reasons text[], reason text, comment text);
INSERT INTO score VALUES
    (0.5, 0.25, 0.75, 1, 12, 'btwin', 'x-1', '2026-03-01 12:00+00', ARRAY['first', 'second, with "quotes" and \'], 'no_rows', 'a score'),
    (NULL, NULL, NULL, 0, 0, 'btwin', 'x-1', '2026-03-01 12:00+00', NULL, 'no_rows', 'no value, and why'),
    (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'nothing at all'),
    (1, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '{}', NULL, 'a value alone'),
    (0, 0, 0, 0, -5, '', '', '2026-03-01 12:00:00.123456+00', ARRAY['a', NULL, ''], 'x', 'empty texts, a missing reason, microseconds'),
    (0.1, 1e-7, 1.0 / 3, 123456789012345678, 2147483647, 'epic5', 'epic5-1', '1999-12-31 23:59:59+00', '{é}', NULL, 'numbers of any length'),
    ('NaN', 'Infinity', '-Infinity', -0.0, 1, 'm', 'v', 'infinity', '{}', NULL, 'what is no number'),
    (2e100, 1e-300, 4.9e-324, 0, 1, 'm', 'v', '-infinity', '{}', NULL, 'very large and very small'),
    (1, 2, 3, 4, 5, 'm', 'v', '0044-03-15 12:00+00 BC', '{}', NULL, 'long ago');
SELECT is(btwin._score(s.value, s.low, s.high, s.confidence, s.evidence_count, s.method, s.version, s.computed_for, s.reasons, s.reason)::text,
          pg_temp.document(s.value, s.low, s.high, s.confidence, s.evidence_count, s.method, s.version, s.computed_for, s.reasons, s.reason)::text, s.comment)
FROM score s ORDER BY s.comment;
SET TimeZone = 'Asia/Kathmandu';
SET DateStyle = 'SQL, DMY';
SELECT is(btwin._score(1, NULL, NULL, NULL, NULL, NULL, NULL, '2026-03-01 12:00+00', NULL) -> 'computed_for', '"2026-03-01T17:45:00+05:45"', 'a moment with its offset, whatever the style of dates');
RESET TimeZone;
RESET DateStyle;
SELECT is(btwin._score(1, 2, 3, 4, 5, 'm', 'v', NULL, NULL) ->> 'reason', NULL, 'the reason may be left out');

-- a document within a document; what is none is none: cut off, a character and a number that jsonb does not have, and deeper than any
SELECT is(array_agg(btwin._unwrapped(d) ORDER BY n), ARRAY['{"a": 1}', '[1]', '"a"', '{"b": "{}"}', 'null', NULL, NULL, NULL, NULL, NULL]::jsonb[], 'documents within documents')
FROM unnest(ARRAY['"{\"a\": 1}"', '[1]', '"\"a\""', '{"b": "{}"}', '"null"', NULL, '"{\"a\": "', '"\"\\u0000\""', '"1e1000000"', '""']::jsonb[]) WITH ORDINALITY AS x (d, n);
SELECT is(btwin._unwrapped(to_jsonb(repeat('[', 1000000))), NULL, 'a million brackets');

-- texts for people
SELECT is(btwin._phrase_texts('{load.LOW.9,load.HIGH.2,NULL,load.HIGH.1}'), '{NULL,"Pause for 5 minutes in every 20.",NULL,"Go on with material one level easier."}', 'each key has its text or none');
SELECT is(btwin._phrase_texts('{}'), '{}', 'no keys');
SELECT is(btwin._phrase_texts(NULL), NULL, 'NULL');
SELECT is(btwin._phrases('{load.LOW.9,load.HIGH.2,NULL,load.HIGH.1,load.HIGH.2}'), '{"Pause for 5 minutes in every 20.","Go on with material one level easier."}', 'each text once, none missing');
SELECT is(btwin._phrases('{nothing}'), '{}', 'no text');
SELECT is(btwin._phrases(NULL), '{}', 'no list of keys');
SELECT is(btwin._phrase_of('load.HIGH.2'), 'Pause for 5 minutes in every 20.', 'one');
SELECT is(btwin._phrase_of('load.HIGH'), NULL, 'none');
SELECT is(btwin._phrase_of(NULL), NULL, 'of no key');
SELECT results_eq($$SELECT place, key, phrase FROM btwin._phrase_rows('{nothing,load.HIGH.2,NULL,load.HIGH.1}') ORDER BY place$$,
                  $$VALUES (2, 'load.HIGH.2', 'Pause for 5 minutes in every 20.'), (4, 'load.HIGH.1', 'Go on with material one level easier.')$$, 'as rows, with their places');
INSERT INTO btwin.phrase VALUES ('no', 'load.HIGH.2', 'Pause'), ('no', 'nur.no', 'Pause');
SELECT is(btwin._phrase_of('load.HIGH.2'), 'Pause for 5 minutes in every 20.', 'another language is not asked for');
SET btwin.locale = 'no';
SELECT is(btwin._phrase_texts('{load.HIGH.2,load.HIGH.1}'), '{Pause,"Go on with material one level easier."}', 'another language, and English where it has no text');
SELECT is(btwin._phrases('{load.HIGH.2,nur.no}'), '{Pause}', 'two keys with one text');
SET btwin.locale = 'en';
SELECT is(btwin._phrase_of('load.HIGH.2'), 'Pause for 5 minutes in every 20.', 'English by name');
SET btwin.locale = '';
SELECT is(btwin._phrase_of('load.HIGH.2'), 'Pause for 5 minutes in every 20.', 'an empty setting is none');
SET btwin.locale = 'no';
-- where the table is not simply read
ALTER TABLE btwin.phrase ENABLE ROW LEVEL SECURITY;
SELECT is(btwin._phrase_texts('{load.HIGH.2,nothing,load.HIGH.1,NULL}'), '{Pause,NULL,"Go on with material one level easier.",NULL}', 'policies are looked at, the owner passes them');
CREATE ROLE regress_answer;
GRANT USAGE ON SCHEMA btwin TO regress_answer;
SET ROLE regress_answer;
SELECT btwin._phrase_of('load.HIGH.2') IS NULL AS hidden \gset
RESET ROLE;
SELECT ok(:'hidden', 'another role sees what they show it');
DROP OWNED BY regress_answer;
DROP ROLE regress_answer;
SELECT * FROM finish();
