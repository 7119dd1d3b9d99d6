-- pattern: in which of their buckets a learner really scores better

CREATE TYPE btwin.pattern;

CREATE FUNCTION btwin.pattern_in(state cstring) RETURNS btwin.pattern
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'pattern_in';
CREATE FUNCTION btwin.pattern_out(state btwin.pattern) RETURNS cstring
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'pattern_out';
CREATE FUNCTION btwin.pattern_recv(state internal) RETURNS btwin.pattern
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'pattern_recv';
CREATE FUNCTION btwin.pattern_send(state btwin.pattern) RETURNS bytea
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'pattern_send';

CREATE TYPE btwin.pattern (
    INPUT = btwin.pattern_in,
    OUTPUT = btwin.pattern_out,
    RECEIVE = btwin.pattern_recv,
    SEND = btwin.pattern_send,
    INTERNALLENGTH = VARIABLE,
    ALIGNMENT = int4,
    STORAGE = extended
);
COMMENT ON TYPE btwin.pattern IS
'State of the pattern family: per bucket and day (or for rows without a day) the number of rows and the weighted moments of their scores. At most 1000 buckets with names of 1 to 255 bytes and 20000 pairs of bucket and day; 36 bytes a pair. Text form: one JSON object, exact. Built by pattern_agg(), merged by rollup().';

CREATE FUNCTION btwin.pattern_to_jsonb(state btwin.pattern) RETURNS jsonb
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'pattern_to_jsonb';
COMMENT ON FUNCTION btwin.pattern_to_jsonb(btwin.pattern) IS
'The state as jsonb: {family, version, buckets: [{bucket, undated: [{rows, weight, sum, squared_deviations}], days: [{day, rows, weight, sum, squared_deviations}]}]}, buckets in byte order of their names, undated with at most one element.';
CREATE CAST (btwin.pattern AS jsonb) WITH FUNCTION btwin.pattern_to_jsonb(btwin.pattern);

CREATE FUNCTION btwin.pattern_accum(state internal, bucket text, score float8) RETURNS internal
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'pattern_accum';
CREATE FUNCTION btwin.pattern_accum_weighted(state internal, bucket text, score float8, weight float8) RETURNS internal
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'pattern_accum_weighted';
CREATE FUNCTION btwin.pattern_accum_day(state internal, bucket text, score float8, day date) RETURNS internal
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'pattern_accum_day';
CREATE FUNCTION btwin.pattern_accum_day_weighted(state internal, bucket text, score float8, day date, weight float8) RETURNS internal
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'pattern_accum_day_weighted';
CREATE FUNCTION btwin.pattern_accum_int(state internal, bucket int, score float8) RETURNS internal
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'pattern_accum_int';
CREATE FUNCTION btwin.pattern_accum_int_weighted(state internal, bucket int, score float8, weight float8) RETURNS internal
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'pattern_accum_int_weighted';
CREATE FUNCTION btwin.pattern_accum_int_day(state internal, bucket int, score float8, day date) RETURNS internal
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'pattern_accum_int_day';
CREATE FUNCTION btwin.pattern_accum_int_day_weighted(state internal, bucket int, score float8, day date, weight float8) RETURNS internal
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'pattern_accum_int_day_weighted';
CREATE FUNCTION btwin.pattern_rollup_accum(state internal, pattern btwin.pattern) RETURNS internal
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'pattern_rollup_accum';
CREATE FUNCTION btwin.pattern_combine(state internal, other internal) RETURNS internal
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'pattern_combine';
CREATE FUNCTION btwin.pattern_serialize(state internal) RETURNS bytea
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'pattern_serialize';
CREATE FUNCTION btwin.pattern_deserialize(bytes bytea, state internal) RETURNS internal
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'pattern_deserialize';
CREATE FUNCTION btwin.pattern_final(state internal) RETURNS btwin.pattern
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'pattern_final';

CREATE AGGREGATE btwin.pattern_agg(bucket text, score float8) (
    SFUNC = btwin.pattern_accum,
    STYPE = internal,
    SSPACE = 4096,
    FINALFUNC = btwin.pattern_final,
    COMBINEFUNC = btwin.pattern_combine,
    SERIALFUNC = btwin.pattern_serialize,
    DESERIALFUNC = btwin.pattern_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE btwin.pattern_agg(text, float8) IS
'Pattern state of the scores seen per bucket. bucket: a name of 1 to 255 bytes (hour, weekday, session length, kind of content); score: any finite number, larger is better; all rows count as independent of each other: give the day where it is known. Rows with a NULL are skipped; only NULL rows give a state without buckets, no rows give NULL. Errors: 22003 for NaN or infinity, 22023 for a bucket name that is empty or too long, 54000 beyond 1000 buckets or 20000 pairs of bucket and day.';

CREATE AGGREGATE btwin.pattern_agg(bucket text, score float8, weight float8) (
    SFUNC = btwin.pattern_accum_weighted,
    STYPE = internal,
    SSPACE = 4096,
    FINALFUNC = btwin.pattern_final,
    COMBINEFUNC = btwin.pattern_combine,
    SERIALFUNC = btwin.pattern_serialize,
    DESERIALFUNC = btwin.pattern_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE btwin.pattern_agg(text, float8, float8) IS
'Pattern state where a row counts as "weight" observations (0 or more, such as power(0.99, age)); evidence_count still counts rows. Errors as for pattern_agg(bucket, score), and 22003 for a negative weight.';

CREATE AGGREGATE btwin.pattern_agg(bucket text, score float8, day date) (
    SFUNC = btwin.pattern_accum_day,
    STYPE = internal,
    SSPACE = 4096,
    FINALFUNC = btwin.pattern_final,
    COMBINEFUNC = btwin.pattern_combine,
    SERIALFUNC = btwin.pattern_serialize,
    DESERIALFUNC = btwin.pattern_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE btwin.pattern_agg(text, float8, date) IS
'Pattern state that remembers the day of every row: rows of one day, and of one week, are not independent evidence, those of one bucket and day least of all, and a habit can be seen to begin or end. day: the learner''s local day, 0001-01-01 to 9999-12-31. Rows with a NULL are skipped, a NULL day included: use the form without a day for them. Errors as for pattern_agg(bucket, score), and 22008 for a day out of range.';

CREATE AGGREGATE btwin.pattern_agg(bucket text, score float8, day date, weight float8) (
    SFUNC = btwin.pattern_accum_day_weighted,
    STYPE = internal,
    SSPACE = 4096,
    FINALFUNC = btwin.pattern_final,
    COMBINEFUNC = btwin.pattern_combine,
    SERIALFUNC = btwin.pattern_serialize,
    DESERIALFUNC = btwin.pattern_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE btwin.pattern_agg(text, float8, date, float8) IS
'Pattern state with day and weight, see pattern_agg(bucket, score, day) and pattern_agg(bucket, score, weight).';

CREATE AGGREGATE btwin.pattern_agg(bucket int, score float8) (
    SFUNC = btwin.pattern_accum_int,
    STYPE = internal,
    SSPACE = 4096,
    FINALFUNC = btwin.pattern_final,
    COMBINEFUNC = btwin.pattern_combine,
    SERIALFUNC = btwin.pattern_serialize,
    DESERIALFUNC = btwin.pattern_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE btwin.pattern_agg(int, float8) IS
'The same for integer buckets, faster: the state is that of their decimal form as text. See pattern_agg(text, float8).';

CREATE AGGREGATE btwin.pattern_agg(bucket int, score float8, weight float8) (
    SFUNC = btwin.pattern_accum_int_weighted,
    STYPE = internal,
    SSPACE = 4096,
    FINALFUNC = btwin.pattern_final,
    COMBINEFUNC = btwin.pattern_combine,
    SERIALFUNC = btwin.pattern_serialize,
    DESERIALFUNC = btwin.pattern_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE btwin.pattern_agg(int, float8, float8) IS
'The same for integer buckets, faster: the state is that of their decimal form as text. See pattern_agg(text, float8, float8).';

CREATE AGGREGATE btwin.pattern_agg(bucket int, score float8, day date) (
    SFUNC = btwin.pattern_accum_int_day,
    STYPE = internal,
    SSPACE = 4096,
    FINALFUNC = btwin.pattern_final,
    COMBINEFUNC = btwin.pattern_combine,
    SERIALFUNC = btwin.pattern_serialize,
    DESERIALFUNC = btwin.pattern_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE btwin.pattern_agg(int, float8, date) IS
'The same for integer buckets, faster: the state is that of their decimal form as text. See pattern_agg(text, float8, date).';

CREATE AGGREGATE btwin.pattern_agg(bucket int, score float8, day date, weight float8) (
    SFUNC = btwin.pattern_accum_int_day_weighted,
    STYPE = internal,
    SSPACE = 4096,
    FINALFUNC = btwin.pattern_final,
    COMBINEFUNC = btwin.pattern_combine,
    SERIALFUNC = btwin.pattern_serialize,
    DESERIALFUNC = btwin.pattern_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE btwin.pattern_agg(int, float8, date, float8) IS
'The same for integer buckets, faster: the state is that of their decimal form as text. See pattern_agg(text, float8, date, float8).';

CREATE AGGREGATE btwin.rollup(pattern btwin.pattern) (
    SFUNC = btwin.pattern_rollup_accum,
    STYPE = internal,
    SSPACE = 4096,
    FINALFUNC = btwin.pattern_final,
    COMBINEFUNC = btwin.pattern_combine,
    SERIALFUNC = btwin.pattern_serialize,
    DESERIALFUNC = btwin.pattern_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE btwin.rollup(btwin.pattern) IS
'Merges pattern states: the state that pattern_agg() would have built over all their rows, up to rounding.';

CREATE FUNCTION btwin.buckets(pattern btwin.pattern,
    OUT bucket text, OUT evidence_count bigint, OUT days bigint, OUT weight float8,
    OUT mean float8, OUT effect float8, OUT effect_low float8, OUT effect_high float8,
    OUT shrunk_effect float8, OUT p_value float8, OUT q_value float8, OUT confidence float8)
    RETURNS SETOF record
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000 ROWS 20 AS 'MODULE_PATHNAME', 'pattern_buckets';
COMMENT ON FUNCTION btwin.buckets(btwin.pattern) IS
'One row per bucket in byte order of names: rows and distinct days behind it, sum of weights, mean score; effect = the bucket''s score against the learner''s other buckets, days and weeks taken into account, with its 95 % interval; shrunk_effect = the same expected under the posterior, near 0 without evidence; p_value two-sided (Student t over days), q_value after Benjamini and Hochberg over the buckets; confidence = probability that the bucket really is better than the others now: alone, or with one more of at least four buckets. mean is NULL without weight; the others are NULL where there is nothing to compare (see the reasons of best_bucket()). Method: doc/pattern.md.';

CREATE FUNCTION btwin.buckets(pattern btwin.pattern, width int, modulus int DEFAULT 24,
    OUT bucket text, OUT evidence_count bigint, OUT days bigint, OUT weight float8,
    OUT mean float8, OUT effect float8, OUT effect_low float8, OUT effect_high float8,
    OUT shrunk_effect float8, OUT p_value float8, OUT q_value float8, OUT confidence float8)
    RETURNS SETOF record
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000 ROWS 24 AS 'MODULE_PATHNAME', 'pattern_window_buckets';
COMMENT ON FUNCTION btwin.buckets(btwin.pattern, int, int) IS
'One row per bucket 0 to modulus - 1 of a circle (24 hours, 7 weekdays), in that order, where the habit looked for is a window of "width" adjacent buckets that are better together: confidence = probability that the bucket lies in such a window now. Far more power than single buckets when habits span several. Other columns as for buckets(pattern). Errors: 22023 when a bucket is not an integer between 0 and modulus - 1; 22003 for modulus outside 2 to 1000 or width outside 1 to modulus - 1.';

CREATE FUNCTION btwin.confidence(pattern btwin.pattern, bucket text) RETURNS float8
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000 AS 'MODULE_PATHNAME', 'pattern_confidence';
COMMENT ON FUNCTION btwin.confidence(btwin.pattern, text) IS
'Probability (0 to 1) that the bucket really is better than the learner''s others now, as in buckets(pattern); NULL for an empty state and where there is nothing to compare. Error 22023 for a bucket that the state does not have.';
CREATE FUNCTION btwin.confidence(pattern btwin.pattern, bucket int) RETURNS float8
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000 AS 'MODULE_PATHNAME', 'pattern_confidence_int';
COMMENT ON FUNCTION btwin.confidence(btwin.pattern, int) IS
'The same for an integer bucket, see confidence(pattern, text).';
CREATE FUNCTION btwin.confidence(pattern btwin.pattern, bucket int, width int, modulus int DEFAULT 24) RETURNS float8
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000 AS 'MODULE_PATHNAME', 'pattern_window_confidence';
COMMENT ON FUNCTION btwin.confidence(btwin.pattern, int, int, int) IS
'Probability (0 to 1) that the bucket lies in a better window of "width" buckets now, as in buckets(pattern, width, modulus), errors included; 22003 for a bucket outside 0 to modulus - 1.';

CREATE FUNCTION btwin.best_bucket(pattern btwin.pattern, min_confidence float8 DEFAULT 0.8,
    OUT bucket text, OUT confidence float8,
    OUT effect float8, OUT effect_low float8, OUT effect_high float8, OUT shrunk_effect float8,
    OUT p_value float8, OUT q_value float8, OUT replication float8,
    OUT evidence_count bigint, OUT days bigint, OUT reason text)
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000 AS 'MODULE_PATHNAME', 'pattern_best_bucket';
COMMENT ON FUNCTION btwin.best_bucket(btwin.pattern, float8) IS
'The bucket with the largest confidence when that is at least min_confidence (0 to 1), with the columns of buckets(pattern) and replication = probability that it scores higher than the others once more in as many new rows. Otherwise bucket is NULL and reason says why: no_habit (confidence tells how near the best came), no_evidence (no rows of any weight), too_few_rows (fewer than 3, or weights of at most 2), one_bucket, no_variation (all scores equal); reason is NULL beside a bucket. Error 22003 for min_confidence out of range.';

CREATE FUNCTION btwin.best_window(pattern btwin.pattern, width int, modulus int DEFAULT 24,
    min_confidence float8 DEFAULT 0.8,
    OUT window_start int, OUT window_end int, OUT confidence float8, OUT habit_confidence float8,
    OUT effect float8, OUT effect_low float8, OUT effect_high float8, OUT shrunk_effect float8,
    OUT p_value float8, OUT q_value float8, OUT replication float8,
    OUT evidence_count bigint, OUT days bigint, OUT reason text)
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000 AS 'MODULE_PATHNAME', 'pattern_best_window';
COMMENT ON FUNCTION btwin.best_window(btwin.pattern, int, int, float8) IS
'The window of "width" adjacent buckets on a circle of "modulus" whose buckets most probably are the better ones: window_start 0 to modulus - 1, window_end 1 to modulus (not included; a window may run past the end of the circle); confidence = expected share of its buckets that lie in the true window, habit_confidence = probability that the learner has any better window now. NULL with a reason when confidence is below min_confidence; other columns and reasons as for best_bucket(), errors as for buckets(pattern, width, modulus).';

CREATE FUNCTION btwin.best_limit(pattern btwin.pattern, min_confidence float8 DEFAULT 0.8,
    OUT limit_at float8, OUT limit_low float8, OUT limit_high float8,
    OUT slope float8, OUT slope_low float8, OUT slope_high float8, OUT effect float8,
    OUT confidence float8, OUT evidence_count bigint, OUT days bigint, OUT reason text)
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000 AS 'MODULE_PATHNAME', 'pattern_best_limit';
COMMENT ON FUNCTION btwin.best_limit(btwin.pattern, float8) IS
'For buckets that are numbers, such as minutes of a session: the value beyond which the score falls in proportion to the distance, with its 95 % interval; slope = change of the score per unit beyond it (below 0), with its 95 % interval; effect = mean change over the rows beyond; confidence = probability that the score falls at all. Rows and days are all of the state. NULL with a reason when confidence is below min_confidence; reasons as for best_bucket(). Changes over time are not looked for. Errors: 22023 when a bucket is not a number or two are the same number; 22003 for min_confidence out of range.';

CREATE FUNCTION btwin.contributions(pattern btwin.pattern, bucket text,
    OUT factor text, OUT value float8, OUT weight float8, OUT contribution float8)
    RETURNS SETOF record
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000 ROWS 6 AS 'MODULE_PATHNAME', 'pattern_contributions';
COMMENT ON FUNCTION btwin.contributions(btwin.pattern, text) IS
'How confidence(pattern, bucket) comes about: contribution = change of the confidence when the step is added, weight 1, so that they sum to it. Steps in order: prior (value: probability of a habit before any row); effect (the difference in score, judged as if seen in 20 rows); sample_size (rows in the bucket, taken as independent but for those of one bucket and day); consistency (factor by which days and weeks widen the variance); multiplicity (number of groups that could have been found instead); recency (share of the habit''s probability in which it began or ended meanwhile; only where all rows have days that span 28 or more and there are at most 64 buckets). No rows where the confidence is NULL. Error 22023 for a bucket that the state does not have.';
CREATE FUNCTION btwin.contributions(pattern btwin.pattern, bucket int,
    OUT factor text, OUT value float8, OUT weight float8, OUT contribution float8)
    RETURNS SETOF record
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000 ROWS 6 AS 'MODULE_PATHNAME', 'pattern_contributions_int';
COMMENT ON FUNCTION btwin.contributions(btwin.pattern, int) IS
'The same for an integer bucket, see contributions(pattern, text).';
CREATE FUNCTION btwin.contributions(pattern btwin.pattern, bucket int, width int, modulus int DEFAULT 24,
    OUT factor text, OUT value float8, OUT weight float8, OUT contribution float8)
    RETURNS SETOF record
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000 ROWS 6 AS 'MODULE_PATHNAME', 'pattern_window_contributions';
COMMENT ON FUNCTION btwin.contributions(btwin.pattern, int, int, int) IS
'How confidence(pattern, bucket, width, modulus) comes about, as contributions(pattern, text); effect, sample_size and consistency are those of the most probable window around the bucket.';

CREATE FUNCTION btwin.merge_buckets(pattern btwin.pattern, buckets text[], new_buckets text[]) RETURNS btwin.pattern
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'pattern_merge_buckets';
COMMENT ON FUNCTION btwin.merge_buckets(btwin.pattern, text[], text[]) IS
'The state with each bucket listed in "buckets" under the name at the same place of "new_buckets", those of one name put together (hours into parts of the day, minutes into lengths); buckets not listed stay, listed ones that the state lacks are ignored. Errors: 22004 for a NULL name, 22023 for arrays of different length, a bucket listed twice, an empty or overlong name.';
