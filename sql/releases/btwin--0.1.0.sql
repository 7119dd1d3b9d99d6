-- complain if the script is sourced in psql rather than via CREATE EXTENSION
\echo Use "CREATE EXTENSION btwin" to load this file. \quit

-- The schema named in the control file is adopted when it exists already,
-- whoever owns it. A schema that somebody else owns could hold planted
-- objects that later scripts would call, so refuse it.
DO $guard$
DECLARE
    found_owner pg_catalog.name;
BEGIN
    SELECT pg_catalog.pg_get_userbyid(n.nspowner) INTO found_owner
    FROM pg_catalog.pg_namespace n
    WHERE n.nspname OPERATOR(pg_catalog.=) 'btwin';
    IF found_owner OPERATOR(pg_catalog.<>) CURRENT_USER THEN
        RAISE EXCEPTION 'schema "btwin" belongs to role "%"', found_owner
            USING ERRCODE = 'duplicate_schema',
                  DETAIL = pg_catalog.format('The extension is being created by role "%s".', CURRENT_USER),
                  HINT = 'Drop or rename that schema, or create the extension as its owner.';
    END IF;
END
$guard$;

COMMENT ON SCHEMA btwin IS
'btwin, the library: state types, aggregates, accessors, attach and the store';

CREATE SCHEMA btwin_api;
COMMENT ON SCHEMA btwin_api IS
'btwin, the endpoints: the only schema of btwin that may be exposed to the web';

CREATE SCHEMA btwin_bi;
COMMENT ON SCHEMA btwin_bi IS
'btwin, the flat views: what a BI tool is pointed at';
-- checks of arguments, for rules written in SQL

CREATE FUNCTION btwin.check_range(value float8, low float8, high float8, argument text) RETURNS float8
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'check_range';
COMMENT ON FUNCTION btwin.check_range(float8, float8, float8, text) IS
'The value itself when it is finite and low <= value <= high; else error 22003 that names the argument, the range and what was found. NULL for NULL.';
-- seeded random draws

CREATE FUNCTION btwin.random_normal(draws integer, seed bigint DEFAULT NULL) RETURNS SETOF float8
    LANGUAGE C VOLATILE PARALLEL RESTRICTED ROWS 100 AS 'MODULE_PATHNAME', 'random_normal';
COMMENT ON FUNCTION btwin.random_normal(integer, bigint) IS
'Draws from the standard normal distribution. draws: 0 to 10,000,000. The same seed gives the same draws on every platform; NULL takes a fresh stream. Error 22003 out of range.';

CREATE FUNCTION btwin.random_gamma(draws integer, shape float8, seed bigint DEFAULT NULL) RETURNS SETOF float8
    LANGUAGE C VOLATILE PARALLEL RESTRICTED ROWS 100 AS 'MODULE_PATHNAME', 'random_gamma';
COMMENT ON FUNCTION btwin.random_gamma(integer, float8, bigint) IS
'Draws from the gamma distribution with the given shape (> 0) and scale 1. draws: 0 to 10,000,000. Seed as for random_normal(). Source: Marsaglia and Tsang, ACM TOMS 26 (2000). Error 22003 out of range.';

CREATE FUNCTION btwin.random_beta(draws integer, alpha float8, beta float8, seed bigint DEFAULT NULL) RETURNS SETOF float8
    LANGUAGE C VOLATILE PARALLEL RESTRICTED ROWS 100 AS 'MODULE_PATHNAME', 'random_beta';
COMMENT ON FUNCTION btwin.random_beta(integer, float8, float8, bigint) IS
'Draws from the Beta(alpha, beta) distribution, both > 0, as the ratio of gamma draws. draws: 0 to 10,000,000. Seed as for random_normal(). Error 22003 out of range.';

CREATE FUNCTION btwin.normal_cdf(x float8) RETURNS float8
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'normal_cdf';
COMMENT ON FUNCTION btwin.normal_cdf(float8) IS
'P(X <= x) of the standard normal distribution. Error 22003 for NaN or infinity.';

CREATE FUNCTION btwin.gamma_cdf(x float8, shape float8) RETURNS float8
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME', 'gamma_cdf';
COMMENT ON FUNCTION btwin.gamma_cdf(float8, float8) IS
'P(X <= x) of the gamma distribution with the given shape (> 0) and scale 1. Error 22003 out of range.';

CREATE FUNCTION btwin.beta_cdf(x float8, alpha float8, beta float8) RETURNS float8
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME', 'beta_cdf';
COMMENT ON FUNCTION btwin.beta_cdf(float8, float8, float8) IS
'P(X <= x) of the Beta(alpha, beta) distribution, both > 0. Error 22003 out of range.';
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
-- forgetting: how recall falls with the time since a review

CREATE TYPE btwin.forgetting;

CREATE FUNCTION btwin.forgetting_in(state cstring) RETURNS btwin.forgetting
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'forgetting_in';
CREATE FUNCTION btwin.forgetting_out(state btwin.forgetting) RETURNS cstring
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'forgetting_out';
CREATE FUNCTION btwin.forgetting_recv(state internal) RETURNS btwin.forgetting
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'forgetting_recv';
CREATE FUNCTION btwin.forgetting_send(state btwin.forgetting) RETURNS bytea
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'forgetting_send';

CREATE TYPE btwin.forgetting (
    INPUT = btwin.forgetting_in,
    OUTPUT = btwin.forgetting_out,
    RECEIVE = btwin.forgetting_recv,
    SEND = btwin.forgetting_send,
    INTERNALLENGTH = VARIABLE,
    ALIGNMENT = int4,
    STORAGE = extended
);
COMMENT ON TYPE btwin.forgetting IS
'State of the forgetting family. Two parts: pairs (elapsed time and outcome, counted in cells of a quarter octave and of the history before the review) and cards (the reviews themselves, keyed by card and time, joined when they are read; seal() packs them). At most 100,000 cards with names of 1 to 255 bytes and 1,000,000 reviews. Text form: one JSON object, exact. All sums are integers, so equal evidence is equal bytes in any order. Built by forgetting_agg(), merged by rollup().';

CREATE FUNCTION btwin.forgetting_to_jsonb(state btwin.forgetting) RETURNS jsonb
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'forgetting_to_jsonb';
COMMENT ON FUNCTION btwin.forgetting_to_jsonb(btwin.forgetting) IS
'The state as jsonb: {family, version, pairs: [{successes, lapses, bin, reviews, recalled, codes}], cards: [{card, runs: [{first, last, recalled, pairs}]}]}. bin: quarter octaves of elapsed time, 64 begins at one day. codes: sum of round(1024 log2(days)) + 16384. first, last: microseconds since 2000-01-01 00:00 UTC. A run''s pairs: 2 * code of the gap + 1 if recalled, for every review after its first.';
CREATE CAST (btwin.forgetting AS jsonb) WITH FUNCTION btwin.forgetting_to_jsonb(btwin.forgetting);

CREATE TYPE btwin.forgetting_prior AS (
    learners bigint,
    logit_amplitude float8,
    logit_amplitude_sd float8,
    ln_half_life float8,
    ln_half_life_sd float8,
    ln_exponent float8,
    ln_exponent_sd float8,
    ln_growth float8,
    ln_growth_sd float8,
    ln_loss float8,
    ln_loss_sd float8
);
COMMENT ON TYPE btwin.forgetting_prior IS
'What is assumed of a learner before any review: mean and standard deviation across learners of each parameter of the forgetting curve, in the scale in which it is fitted, and the number of learners behind them. Standard deviations: 0 (fixed) to 5. From forgetting_prior_default() or forgetting_prior_agg().';
COMMENT ON COLUMN btwin.forgetting_prior.learners IS 'Learners behind the estimate, 0 for the default.';
COMMENT ON COLUMN btwin.forgetting_prior.logit_amplitude IS 'ln(a / (1 - a)), a the recall right after a review.';
COMMENT ON COLUMN btwin.forgetting_prior.logit_amplitude_sd IS 'Standard deviation of logit_amplitude across learners.';
COMMENT ON COLUMN btwin.forgetting_prior.ln_half_life IS 'Natural logarithm of the half-life in days.';
COMMENT ON COLUMN btwin.forgetting_prior.ln_half_life_sd IS 'Standard deviation of ln_half_life across learners.';
COMMENT ON COLUMN btwin.forgetting_prior.ln_exponent IS 'Natural logarithm of the exponent b.';
COMMENT ON COLUMN btwin.forgetting_prior.ln_exponent_sd IS 'Standard deviation of ln_exponent across learners.';
COMMENT ON COLUMN btwin.forgetting_prior.ln_growth IS 'Natural logarithm of the factor by which a success multiplies stability.';
COMMENT ON COLUMN btwin.forgetting_prior.ln_growth_sd IS 'Standard deviation of ln_growth across learners.';
COMMENT ON COLUMN btwin.forgetting_prior.ln_loss IS 'Natural logarithm of the number by which a lapse divides stability.';
COMMENT ON COLUMN btwin.forgetting_prior.ln_loss_sd IS 'Standard deviation of ln_loss across learners.';

CREATE FUNCTION btwin.forgetting_accum(state internal, elapsed_days float8, recalled boolean) RETURNS internal
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'forgetting_accum';
CREATE FUNCTION btwin.forgetting_accum_history(state internal, elapsed_days float8, recalled boolean, successes int, lapses int) RETURNS internal
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'forgetting_accum_history';
CREATE FUNCTION btwin.forgetting_accum_review(state internal, card_id text, reviewed_at timestamptz, recalled boolean) RETURNS internal
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'forgetting_accum_review';
CREATE FUNCTION btwin.forgetting_rollup_accum(state internal, curve btwin.forgetting) RETURNS internal
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'forgetting_rollup_accum';
CREATE FUNCTION btwin.forgetting_combine(state internal, other internal) RETURNS internal
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'forgetting_combine';
CREATE FUNCTION btwin.forgetting_serialize(state internal) RETURNS bytea
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'forgetting_serialize';
CREATE FUNCTION btwin.forgetting_deserialize(bytes bytea, state internal) RETURNS internal
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'forgetting_deserialize';
CREATE FUNCTION btwin.forgetting_final(state internal) RETURNS btwin.forgetting
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'forgetting_final';

CREATE AGGREGATE btwin.forgetting_agg(elapsed_days float8, recalled boolean) (
    SFUNC = btwin.forgetting_accum,
    STYPE = internal,
    SSPACE = 8192,
    FINALFUNC = btwin.forgetting_final,
    COMBINEFUNC = btwin.forgetting_combine,
    SERIALFUNC = btwin.forgetting_serialize,
    DESERIALFUNC = btwin.forgetting_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE btwin.forgetting_agg(float8, boolean) IS
'Forgetting state of reviews whose time since the review before is known. elapsed_days: 0 to 36525; recalled: the outcome. They count as reviews of material seen once; pass successes and lapses, or card_id and reviewed_at, where the history is known. Rows with a NULL are skipped; only NULL rows give an empty state, no rows give NULL. Errors: 22003 for NaN, infinity or a time out of range.';

CREATE AGGREGATE btwin.forgetting_agg(elapsed_days float8, recalled boolean, successes int, lapses int) (
    SFUNC = btwin.forgetting_accum_history,
    STYPE = internal,
    SSPACE = 8192,
    FINALFUNC = btwin.forgetting_final,
    COMBINEFUNC = btwin.forgetting_combine,
    SERIALFUNC = btwin.forgetting_serialize,
    DESERIALFUNC = btwin.forgetting_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE btwin.forgetting_agg(float8, boolean, int, int) IS
'Forgetting state of reviews whose time since the review before, and the number of successes and lapses since the first review of the card (which counts as neither), are known. Counts beyond 15 successes and 7 lapses count as these. Rows with a NULL are skipped; only NULL rows give an empty state, no rows give NULL. Errors: 22003 for a number out of range.';

CREATE AGGREGATE btwin.forgetting_agg(card_id text, reviewed_at timestamptz, recalled boolean) (
    SFUNC = btwin.forgetting_accum_review,
    STYPE = internal,
    SSPACE = 8192,
    FINALFUNC = btwin.forgetting_final,
    COMBINEFUNC = btwin.forgetting_combine,
    SERIALFUNC = btwin.forgetting_serialize,
    DESERIALFUNC = btwin.forgetting_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE btwin.forgetting_agg(text, timestamptz, boolean) IS
'Forgetting state of reviews, in any order: the elapsed time is the gap to the review before of the same card_id, the first review of a card shows nothing. card_id names one memory, e.g. the card in a state of one learner, or the learner in a state of one card; two rows of the same card and time are one review, not recalled if either says so. Rows with a NULL are skipped; only NULL rows give an empty state, no rows give NULL. Errors: 22023 for a card_id that is empty or longer than 255 bytes, 22008 for an infinite time, 54000 beyond 100,000 cards or 1,000,000 reviews.';

CREATE AGGREGATE btwin.rollup(curve btwin.forgetting) (
    SFUNC = btwin.forgetting_rollup_accum,
    STYPE = internal,
    SSPACE = 8192,
    FINALFUNC = btwin.forgetting_final,
    COMBINEFUNC = btwin.forgetting_combine,
    SERIALFUNC = btwin.forgetting_serialize,
    DESERIALFUNC = btwin.forgetting_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE btwin.rollup(btwin.forgetting) IS
'Merges forgetting states: the state that forgetting_agg() would have built over all their rows; gaps between their reviews are joined. Error 22023 when a card of a sealed state has another review within its time, or a card of a condensed state one before its end.';

CREATE FUNCTION btwin.seal(curve btwin.forgetting) RETURNS btwin.forgetting
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'forgetting_seal';
COMMENT ON FUNCTION btwin.seal(btwin.forgetting) IS
'The state of a complete period, packed: each card''s reviews become one run with its first and last time and two bytes per review between them. Nothing that an accessor shows changes. Sealed states of disjoint periods merge as before, and seal(rollup(s)) = seal(rollup(seal(s))); a review that comes later and lies within a sealed run is an error (22023) when it is merged, so seal a period when it is closed.';

CREATE FUNCTION btwin.condense(curve btwin.forgetting) RETURNS btwin.forgetting
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'forgetting_condense';
COMMENT ON FUNCTION btwin.condense(btwin.forgetting) IS
'The state of a history that begins at the first review of each of its cards, bounded: gaps are counted among the pairs, of each card its first and last time, its successes and lapses remain. Nothing that an accessor shows changes. States of later periods merge as before, and condense(rollup(s)) is the same whether condensed in one step or in many; a review before the end of a condensed card is an error (22023) when it is merged. A total of years takes 26 bytes for each of at most 16,384 cells and about 30 for each card.';

CREATE FUNCTION btwin.forgetting_prior_default() RETURNS btwin.forgetting_prior
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'forgetting_prior_default';
COMMENT ON FUNCTION btwin.forgetting_prior_default() IS
'The prior that accessors use where none is given: amplitude around 0.9, half-life around 20 days (log standard deviation 1), exponent around 0.5, stability times 2 per success and a quarter per lapse. Sources in doc/forgetting.md.';

CREATE FUNCTION btwin.forgetting_prior_accum(state internal, curve btwin.forgetting) RETURNS internal
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'forgetting_prior_accum';
CREATE FUNCTION btwin.forgetting_prior_final(state internal) RETURNS btwin.forgetting_prior
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1000000 AS 'MODULE_PATHNAME', 'forgetting_prior_final';
CREATE AGGREGATE btwin.forgetting_prior_agg(curve btwin.forgetting) (
    SFUNC = btwin.forgetting_prior_accum,
    STYPE = internal,
    SSPACE = 1000000,
    FINALFUNC = btwin.forgetting_prior_final,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE btwin.forgetting_prior_agg(btwin.forgetting) IS
'The population behind many learners'' states (one row per learner), as a prior for the accessors: mean and spread of each parameter across learners, by expectation-maximisation with Laplace''s approximation. The default prior counts as one more learner; the exponent keeps its default, because differences between cards would be taken for it. States without evidence are skipped; no rows give NULL. Also over states of items, for the argument item_prior. Error 54000 beyond 4,000,000 points.';

CREATE FUNCTION btwin.half_life(curve btwin.forgetting, prior btwin.forgetting_prior DEFAULT NULL) RETURNS float8
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 2000 AS 'MODULE_PATHNAME', 'forgetting_half_life';
COMMENT ON FUNCTION btwin.half_life(btwin.forgetting, btwin.forgetting_prior) IS
'Half-life in days: how long after its first review the chance of recall has fallen to half of what it was right after it (the learner''s typical card). Maximum a posteriori, so few reviews leave it near the population''s. NULL without evidence. prior NULL: forgetting_prior_default().';

CREATE FUNCTION btwin.half_life_interval(curve btwin.forgetting, level float8 DEFAULT 0.9, prior btwin.forgetting_prior DEFAULT NULL, OUT low float8, OUT high float8)
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 2000 AS 'MODULE_PATHNAME', 'forgetting_half_life_interval';
COMMENT ON FUNCTION btwin.half_life_interval(btwin.forgetting, float8, btwin.forgetting_prior) IS
'Central interval of half_life() that holds it with probability level (0.5 to 0.9999; Laplace on the log scale, with a standard deviation of 0.2 for what the curve itself gets wrong). NULL without evidence. prior NULL: forgetting_prior_default(). Errors: 22003 for a level out of range.';

CREATE FUNCTION btwin.decay_rate(curve btwin.forgetting, prior btwin.forgetting_prior DEFAULT NULL) RETURNS float8
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 2000 AS 'MODULE_PATHNAME', 'forgetting_decay_rate';
COMMENT ON FUNCTION btwin.decay_rate(btwin.forgetting, btwin.forgetting_prior) IS
'ln 2 / half_life() per day: the rate of the exponential curve with the same half-life, comparable with the reference''s population rate of 0.14. NULL without evidence. prior NULL: forgetting_prior_default().';

CREATE FUNCTION btwin.amplitude(curve btwin.forgetting, prior btwin.forgetting_prior DEFAULT NULL) RETURNS float8
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 2000 AS 'MODULE_PATHNAME', 'forgetting_amplitude';
COMMENT ON FUNCTION btwin.amplitude(btwin.forgetting, btwin.forgetting_prior) IS
'Chance of recall right after a review, below 1: what a curve pinned at 1 gets wrong on material never mastered. NULL without evidence. prior NULL: forgetting_prior_default().';

CREATE FUNCTION btwin.confidence(curve btwin.forgetting, prior btwin.forgetting_prior DEFAULT NULL) RETURNS float8
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 2000 AS 'MODULE_PATHNAME', 'forgetting_confidence';
COMMENT ON FUNCTION btwin.confidence(btwin.forgetting, btwin.forgetting_prior) IS
'0 to 1: the share of the prior''s variance of the log half-life that the reviews have removed; 0 without evidence, and where the prior fixes the half-life. The weight of the learner''s own reviews in contributions(). prior NULL: forgetting_prior_default().';

CREATE FUNCTION btwin.evidence_count(curve btwin.forgetting) RETURNS bigint
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'forgetting_evidence_count';
COMMENT ON FUNCTION btwin.evidence_count(btwin.forgetting) IS
'Reviews with a known time since the review before: what the curve is fitted to.';

CREATE FUNCTION btwin.curve(curve btwin.forgetting, level float8 DEFAULT 0.9, prior btwin.forgetting_prior DEFAULT NULL,
    OUT amplitude float8, OUT amplitude_low float8, OUT amplitude_high float8,
    OUT half_life float8, OUT half_life_low float8, OUT half_life_high float8,
    OUT stability float8, OUT exponent float8, OUT growth float8, OUT loss float8,
    OUT decay_rate float8, OUT confidence float8, OUT evidence_count bigint,
    OUT recalled_count bigint, OUT method text, OUT reason text)
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 2000 AS 'MODULE_PATHNAME', 'forgetting_curve';
COMMENT ON FUNCTION btwin.curve(btwin.forgetting, float8, btwin.forgetting_prior) IS
'The whole curve P(t) = amplitude * (1 + t / S) ^ -exponent, S = stability * growth ^ successes / loss ^ lapses (days; history since the first review): estimates, intervals at the level, evidence. method: posterior_mode, or population without evidence, with the reason. half_life = stability * (2 ^ (1 / exponent) - 1). prior NULL: forgetting_prior_default().';

CREATE FUNCTION btwin.parameters(curve btwin.forgetting, prior btwin.forgetting_prior DEFAULT NULL,
    OUT parameter text, OUT prior_mean float8, OUT prior_sd float8, OUT estimate float8, OUT sd float8)
    RETURNS SETOF record
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 2000 ROWS 5 AS 'MODULE_PATHNAME', 'forgetting_parameters';
COMMENT ON FUNCTION btwin.parameters(btwin.forgetting, btwin.forgetting_prior) IS
'One row per parameter of the fit, in the scale in which it is normal across learners: prior mean and standard deviation, posterior mode and standard deviation. No row for NULL. prior NULL: forgetting_prior_default().';

CREATE FUNCTION btwin.contributions(curve btwin.forgetting, prior btwin.forgetting_prior DEFAULT NULL,
    OUT factor text, OUT value float8, OUT weight float8, OUT contribution float8)
    RETURNS SETOF record
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 2000 ROWS 2 AS 'MODULE_PATHNAME', 'forgetting_contributions';
COMMENT ON FUNCTION btwin.contributions(btwin.forgetting, btwin.forgetting_prior) IS
'What ln(half_life) is made of: rows "population" and "reviews" with value (what each alone says; NULL for reviews without evidence), weight (the two sum to 1; that of the reviews is confidence()) and contribution; the contributions sum to the natural logarithm of half_life(). No row for NULL. prior NULL: forgetting_prior_default().';

CREATE FUNCTION btwin.retention(curve btwin.forgetting, days float8, successes int DEFAULT 0, lapses int DEFAULT 0, item btwin.forgetting DEFAULT NULL, prior btwin.forgetting_prior DEFAULT NULL, item_prior btwin.forgetting_prior DEFAULT NULL) RETURNS float8
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 2000 AS 'MODULE_PATHNAME', 'forgetting_retention';
COMMENT ON FUNCTION btwin.retention(btwin.forgetting, float8, int, int, btwin.forgetting, btwin.forgetting_prior, btwin.forgetting_prior) IS
'Chance of recall (0 to 1) of a card the given days after its last review. successes, lapses: the card''s, since its first review (beyond 15 and 7 as these). item: the state of the same card over other learners (forgetting_agg(user_id, ...) per card), whose difference from its own prior is added to the learner''s curve. Without evidence the population answers: confidence() says so. prior NULL: forgetting_prior_default(). Errors: 22003 for negative days or counts, 22004 for a NULL count.';

CREATE FUNCTION btwin.retention_interval(curve btwin.forgetting, days float8, successes int DEFAULT 0, lapses int DEFAULT 0, level float8 DEFAULT 0.9, item btwin.forgetting DEFAULT NULL, prior btwin.forgetting_prior DEFAULT NULL, item_prior btwin.forgetting_prior DEFAULT NULL, OUT low float8, OUT high float8)
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 2000 AS 'MODULE_PATHNAME', 'forgetting_retention_interval';
COMMENT ON FUNCTION btwin.retention_interval(btwin.forgetting, float8, int, int, float8, btwin.forgetting, btwin.forgetting_prior, btwin.forgetting_prior) IS
'Central interval of retention() with probability level (0.5 to 0.9999; delta method on the log odds). Arguments and errors as for retention().';

CREATE FUNCTION btwin.review_interval(curve btwin.forgetting, target_retention float8, successes int DEFAULT 0, lapses int DEFAULT 0, item btwin.forgetting DEFAULT NULL, prior btwin.forgetting_prior DEFAULT NULL, item_prior btwin.forgetting_prior DEFAULT NULL) RETURNS float8
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 2000 AS 'MODULE_PATHNAME', 'forgetting_review_interval';
COMMENT ON FUNCTION btwin.review_interval(btwin.forgetting, float8, int, int, btwin.forgetting, btwin.forgetting_prior, btwin.forgetting_prior) IS
'Days after the last review until retention() falls to the target (0.01 to 0.99); 0 when it is below it at once, at most 36525. successes, lapses: the card''s, since its first review (beyond 15 and 7 as these). item: the state of the same card over other learners (forgetting_agg(user_id, ...) per card), whose difference from its own prior is added to the learner''s curve. Without evidence the population answers: confidence() says so. prior NULL: forgetting_prior_default(). Errors: 22003 for a number out of range.';

CREATE FUNCTION btwin.points(curve btwin.forgetting,
    OUT successes int, OUT lapses int, OUT elapsed_days float8, OUT reviews bigint, OUT recalled bigint, OUT rate float8)
    RETURNS SETOF record
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 100 AS 'MODULE_PATHNAME', 'forgetting_points';
COMMENT ON FUNCTION btwin.points(btwin.forgetting) IS
'The evidence in the form in which the curve is fitted to it, for plotting: per history (successes and lapses since the first review) and quarter octave of elapsed time the geometric mean of elapsed days, reviews, those recalled and their share.';

CREATE FUNCTION btwin.cards(curve btwin.forgetting,
    OUT card_id text, OUT reviews bigint, OUT successes int, OUT lapses int,
    OUT first_reviewed_at timestamptz, OUT last_reviewed_at timestamptz, OUT last_recalled boolean)
    RETURNS SETOF record
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 100 AS 'MODULE_PATHNAME', 'forgetting_cards';
COMMENT ON FUNCTION btwin.cards(btwin.forgetting) IS
'One row per card in byte order of card_id: reviews, successes and lapses after the first review, first and last review and the outcome of the last. Join with retention() to see what is about to be forgotten.';

CREATE FUNCTION btwin.fsrs6_retrievability(elapsed_days float8, stability float8, weights float8[] DEFAULT NULL) RETURNS float8
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'forgetting_fsrs6_retrievability';
COMMENT ON FUNCTION btwin.fsrs6_retrievability(float8, float8, float8[]) IS
'FSRS-6 (open-spaced-repetition): chance of recall (1 + f t / S) ^ -w20 with f = 0.9 ^ (-1 / w20) - 1, so that it is 0.9 after S days. stability: 0.001 to 36500 days. weights: w0 to w20, NULL the published defaults; here and in the other fsrs6 functions. Errors: 22003 for a number out of range, 22023 for another number of weights.';

CREATE FUNCTION btwin.fsrs6_interval(target_retention float8, stability float8, weights float8[] DEFAULT NULL) RETURNS float8
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'forgetting_fsrs6_interval';
COMMENT ON FUNCTION btwin.fsrs6_interval(float8, float8, float8[]) IS
'FSRS-6: days until the chance of recall falls to the target (0.01 to 0.99), the inverse of fsrs6_retrievability().';

CREATE FUNCTION btwin.fsrs6_first_review(grade int, weights float8[] DEFAULT NULL, OUT stability float8, OUT difficulty float8)
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'forgetting_fsrs6_first';
COMMENT ON FUNCTION btwin.fsrs6_first_review(int, float8[]) IS
'FSRS-6: stability (days) and difficulty (1 to 10) after the first review. grade: 1 again, 2 hard, 3 good, 4 easy; others are error 22003.';

CREATE FUNCTION btwin.fsrs6_next_review(stability float8, difficulty float8, elapsed_days float8, grade int, weights float8[] DEFAULT NULL,
    OUT new_stability float8, OUT new_difficulty float8)
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'forgetting_fsrs6_next';
COMMENT ON FUNCTION btwin.fsrs6_next_review(float8, float8, float8, int, float8[]) IS
'FSRS-6: stability and difficulty after a later review of a card that had the given ones. Reviews less than a day after the last follow the same-day rule. grade as for fsrs6_first_review().';
-- struggle: how probable it is that a learner will struggle, and what that is made of

-- One Newton step of a logistic regression

CREATE TYPE btwin.logit_step;

CREATE FUNCTION btwin.logit_step_in(state cstring) RETURNS btwin.logit_step
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'logit_step_in';
CREATE FUNCTION btwin.logit_step_out(state btwin.logit_step) RETURNS cstring
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'logit_step_out';
CREATE FUNCTION btwin.logit_step_recv(state internal) RETURNS btwin.logit_step
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'logit_step_recv';
CREATE FUNCTION btwin.logit_step_send(state btwin.logit_step) RETURNS bytea
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'logit_step_send';

CREATE TYPE btwin.logit_step (
    INPUT = btwin.logit_step_in,
    OUTPUT = btwin.logit_step_out,
    RECEIVE = btwin.logit_step_recv,
    SEND = btwin.logit_step_send,
    INTERNALLENGTH = VARIABLE,
    ALIGNMENT = int4,
    STORAGE = extended
);
COMMENT ON TYPE btwin.logit_step IS
'State of logit_step_agg(): gradient, Hessian and log likelihood of a logistic regression at one point, with the moments of its features. At most 64 features. Text form: one JSON object, exact. Merged by rollup(), read by logit_next() and the accessors.';

CREATE FUNCTION btwin.logit_step_to_jsonb(state btwin.logit_step) RETURNS jsonb
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'logit_step_to_jsonb';
COMMENT ON FUNCTION btwin.logit_step_to_jsonb(btwin.logit_step) IS
'The step as jsonb: {family, version, features, rows, weight, positives, log_likelihood, means, beta, gradient, hessian, unknown, sum, sum_of_squares}; hessian is its lower triangle row by row; without rows only the first three keys.';
CREATE CAST (btwin.logit_step AS jsonb) WITH FUNCTION btwin.logit_step_to_jsonb(btwin.logit_step);

-- A model: names, training means, a Gaussian over the coefficients

CREATE TYPE btwin.logit_model;

CREATE FUNCTION btwin.logit_model_in(state cstring) RETURNS btwin.logit_model
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'logit_model_in';
CREATE FUNCTION btwin.logit_model_out(state btwin.logit_model) RETURNS cstring
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'logit_model_out';
CREATE FUNCTION btwin.logit_model_recv(state internal) RETURNS btwin.logit_model
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'logit_model_recv';
CREATE FUNCTION btwin.logit_model_send(state btwin.logit_model) RETURNS bytea
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'logit_model_send';

CREATE TYPE btwin.logit_model (
    INPUT = btwin.logit_model_in,
    OUTPUT = btwin.logit_model_out,
    RECEIVE = btwin.logit_model_recv,
    SEND = btwin.logit_model_send,
    INTERNALLENGTH = VARIABLE,
    ALIGNMENT = int4,
    STORAGE = extended
);
COMMENT ON TYPE btwin.logit_model IS
'A logistic model of 1 to 64 named features: log odds = intercept + sum of coefficient * (value - mean), with the precision (inverse covariance) of what is known of the coefficients, the features'' standard deviations and the number of examples. Text form: one JSON object, exact. Made by logit_model(), logit_prior(), logit_next(), logit_fit() or struggle_model().';

CREATE FUNCTION btwin.logit_model_to_jsonb(state btwin.logit_model) RETURNS jsonb
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'logit_model_to_jsonb';
COMMENT ON FUNCTION btwin.logit_model_to_jsonb(btwin.logit_model) IS
'The model as jsonb: {family, version, examples, intercept, features: [{feature, mean, deviation, coefficient}], precision}; precision is its lower triangle row by row, the intercept first.';
CREATE CAST (btwin.logit_model AS jsonb) WITH FUNCTION btwin.logit_model_to_jsonb(btwin.logit_model);

-- Aggregates

CREATE FUNCTION btwin.logit_step_accum(state internal, y boolean, x float8[], beta float8[]) RETURNS internal
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'logit_step_accum';
CREATE FUNCTION btwin.logit_step_accum_weighted(state internal, y boolean, x float8[], beta float8[], weight float8) RETURNS internal
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'logit_step_accum_weighted';
CREATE FUNCTION btwin.logit_step_accum_model(state internal, model btwin.logit_model, y boolean, x float8[]) RETURNS internal
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'logit_step_accum_model';
CREATE FUNCTION btwin.logit_step_accum_model_weighted(state internal, model btwin.logit_model, y boolean, x float8[], weight float8) RETURNS internal
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'logit_step_accum_model_weighted';
CREATE FUNCTION btwin.logit_step_rollup_accum(state internal, step btwin.logit_step) RETURNS internal
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'logit_step_rollup_accum';
CREATE FUNCTION btwin.logit_step_combine(state internal, other internal) RETURNS internal
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'logit_step_combine';
CREATE FUNCTION btwin.logit_step_serialize(state internal) RETURNS bytea
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'logit_step_serialize';
CREATE FUNCTION btwin.logit_step_deserialize(bytes bytea, state internal) RETURNS internal
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'logit_step_deserialize';
CREATE FUNCTION btwin.logit_step_final(state internal) RETURNS btwin.logit_step
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'logit_step_final';

CREATE AGGREGATE btwin.logit_step_agg(y boolean, x float8[], beta float8[]) (
    SFUNC = btwin.logit_step_accum,
    STYPE = internal,
    SSPACE = 4096,
    FINALFUNC = btwin.logit_step_final,
    COMBINEFUNC = btwin.logit_step_combine,
    SERIALFUNC = btwin.logit_step_serialize,
    DESERIALFUNC = btwin.logit_step_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE btwin.logit_step_agg(boolean, float8[], float8[]) IS
'Gradient, Hessian and log likelihood of a logistic regression of y on x at the coefficients beta. beta: intercept first, then one per feature (start from zeros); the same in all rows. Rows with y or x NULL are skipped; only such rows give a step without rows, no rows give NULL. Iterate beta := logit_next(step) until newton_decrement(step) is small. Errors: 22023 when x has not one element less than beta or beta differs between rows; 22004 for a NULL beta or a NULL inside an array (use the form with a model for unknown features); 22003 for NaN or infinity; 54000 beyond 64 features.';

CREATE AGGREGATE btwin.logit_step_agg(y boolean, x float8[], beta float8[], weight float8) (
    SFUNC = btwin.logit_step_accum_weighted,
    STYPE = internal,
    SSPACE = 4096,
    FINALFUNC = btwin.logit_step_final,
    COMBINEFUNC = btwin.logit_step_combine,
    SERIALFUNC = btwin.logit_step_serialize,
    DESERIALFUNC = btwin.logit_step_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE btwin.logit_step_agg(boolean, float8[], float8[], float8) IS
'As logit_step_agg(y, x, beta), a row counting as "weight" rows (0 or more; NULL skips it). evidence_count() still counts rows. Error 22003 for a negative weight.';

CREATE AGGREGATE btwin.logit_step_agg(model btwin.logit_model, y boolean, x float8[]) (
    SFUNC = btwin.logit_step_accum_model,
    STYPE = internal,
    SSPACE = 4096,
    FINALFUNC = btwin.logit_step_final,
    COMBINEFUNC = btwin.logit_step_combine,
    SERIALFUNC = btwin.logit_step_serialize,
    DESERIALFUNC = btwin.logit_step_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE btwin.logit_step_agg(btwin.logit_model, boolean, float8[]) IS
'As logit_step_agg(y, x, beta) at the coefficients of a model and about its means: a NULL inside x is an unknown feature and stands at the mean. Iterate model := logit_next(step, prior). Errors: 22023 for the wrong number of features or a model that differs between rows, 22004 for a NULL model, 22003 for NaN or infinity.';

CREATE AGGREGATE btwin.logit_step_agg(model btwin.logit_model, y boolean, x float8[], weight float8) (
    SFUNC = btwin.logit_step_accum_model_weighted,
    STYPE = internal,
    SSPACE = 4096,
    FINALFUNC = btwin.logit_step_final,
    COMBINEFUNC = btwin.logit_step_combine,
    SERIALFUNC = btwin.logit_step_serialize,
    DESERIALFUNC = btwin.logit_step_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE btwin.logit_step_agg(btwin.logit_model, boolean, float8[], float8) IS
'As logit_step_agg(model, y, x), a row counting as "weight" rows (0 or more; NULL skips it). Error 22003 for a negative weight.';

CREATE AGGREGATE btwin.rollup(step btwin.logit_step) (
    SFUNC = btwin.logit_step_rollup_accum,
    STYPE = internal,
    SSPACE = 4096,
    FINALFUNC = btwin.logit_step_final,
    COMBINEFUNC = btwin.logit_step_combine,
    SERIALFUNC = btwin.logit_step_serialize,
    DESERIALFUNC = btwin.logit_step_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE btwin.rollup(btwin.logit_step) IS
'Merges steps taken at the same point: the step that logit_step_agg() would have built over all their rows, up to rounding. Error 22023 when their coefficients or means differ.';

-- Accessors of a step

CREATE FUNCTION btwin.evidence_count(step btwin.logit_step) RETURNS bigint
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'logit_step_evidence';
COMMENT ON FUNCTION btwin.evidence_count(btwin.logit_step) IS
'Number of examples the step was built from; 0 for an empty step.';

CREATE FUNCTION btwin.log_loss(step btwin.logit_step) RETURNS float8
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'logit_step_log_loss';
COMMENT ON FUNCTION btwin.log_loss(btwin.logit_step) IS
'Mean negative log likelihood (natural logarithm, 0 or more) of the rows at the step''s coefficients; NULL without weight.';

CREATE FUNCTION btwin.positive_rate(step btwin.logit_step) RETURNS float8
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'logit_step_positive_rate';
COMMENT ON FUNCTION btwin.positive_rate(btwin.logit_step) IS
'Share of rows with y true, by weight (0 to 1); NULL without weight.';

CREATE FUNCTION btwin.beta(step btwin.logit_step) RETURNS float8[]
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'logit_step_beta';
COMMENT ON FUNCTION btwin.beta(btwin.logit_step) IS
'The coefficients at which the step was taken, intercept first; NULL without rows.';

CREATE FUNCTION btwin.gradient(step btwin.logit_step) RETURNS float8[]
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'logit_step_gradient';
COMMENT ON FUNCTION btwin.gradient(btwin.logit_step) IS
'First derivatives of the log likelihood, sum of weight * (y - p) * (1, x - means), intercept first; NULL without rows.';

CREATE FUNCTION btwin.hessian(step btwin.logit_step) RETURNS float8[]
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'logit_step_hessian';
COMMENT ON FUNCTION btwin.hessian(btwin.logit_step) IS
'Second derivatives of the negative log likelihood, sum of weight * p * (1 - p) * d d'' with d = (1, x - means), as a square array, intercept first; NULL without rows. With a prior''s precision added it is the precision of the fitted coefficients.';

CREATE FUNCTION btwin.feature_moments(step btwin.logit_step,
    OUT "position" int, OUT known_weight float8, OUT mean float8, OUT deviation float8)
    RETURNS SETOF record
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 15 AS 'MODULE_PATHNAME', 'logit_step_feature_moments';
COMMENT ON FUNCTION btwin.feature_moments(btwin.logit_step) IS
'One row per feature: its position from 1, the weight of the rows in which it is known, their mean and population standard deviation (NULL where it is never known).';

CREATE FUNCTION btwin.logit_next(step btwin.logit_step, ridge float8 DEFAULT 1) RETURNS float8[]
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'logit_step_next_ridge';
COMMENT ON FUNCTION btwin.logit_next(btwin.logit_step, float8) IS
'The coefficients after one Newton step towards the maximum of log likelihood - ridge / 2 * sum of squared coefficients, the intercept free (ridge 1 is C = 1 of Epic 5, 2.14, on standardised features). NULL without rows. Errors: 22023 when there is no unique direction (raise the ridge), 22003 for a negative ridge.';

CREATE FUNCTION btwin.newton_decrement(step btwin.logit_step, ridge float8 DEFAULT 1) RETURNS float8
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'logit_step_decrement_ridge';
COMMENT ON FUNCTION btwin.newton_decrement(btwin.logit_step, float8) IS
'Measure of convergence, independent of the features'' units: about twice the gain of the penalised log likelihood that is still to be had from this point. Stop below 1e-8. NULL without rows.';

CREATE FUNCTION btwin.logit_next(step btwin.logit_step, prior btwin.logit_model, damping float8 DEFAULT 1) RETURNS btwin.logit_model
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME', 'logit_step_next_model';
COMMENT ON FUNCTION btwin.logit_next(btwin.logit_step, btwin.logit_model, float8) IS
'The model after one Newton step towards the maximum of the posterior, the prior being any model: names, means and deviations are the prior''s, precision is the prior''s plus the Hessian (Laplace''s approximation), evidence_count counts both. damping: 0 to 1, the part of the step to go. NULL without rows. Errors: 22023 for other features or means than the prior''s.';

CREATE FUNCTION btwin.newton_decrement(step btwin.logit_step, prior btwin.logit_model) RETURNS float8
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME', 'logit_step_decrement_model';
COMMENT ON FUNCTION btwin.newton_decrement(btwin.logit_step, btwin.logit_model) IS
'Measure of convergence under a prior model: about twice the gain of the log posterior that is still to be had from this point. NULL without rows.';

CREATE FUNCTION btwin.log_posterior(step btwin.logit_step, prior btwin.logit_model) RETURNS float8
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME', 'logit_step_log_posterior';
COMMENT ON FUNCTION btwin.log_posterior(btwin.logit_step, btwin.logit_model) IS
'Log likelihood at the step''s point plus the log density of the prior there without its constant: what training maximises. NULL without rows. Errors: 22003 where it is past double precision.';

-- Making models

CREATE FUNCTION btwin.logit_model(features text[], coefficients float8[], precision_matrix float8[],
    means float8[] DEFAULT NULL, deviations float8[] DEFAULT NULL, evidence_count bigint DEFAULT 0)
    RETURNS btwin.logit_model
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME', 'logit_model_make';
COMMENT ON FUNCTION btwin.logit_model(text[], float8[], float8[], float8[], float8[], bigint) IS
'A model from plain arrays. coefficients: intercept first, then one per feature. precision_matrix: inverse covariance of the coefficients, square, or its diagonal. means, deviations: of the features in training, zeros when NULL. evidence_count: examples it was trained on. Inverse of coefficients(), precision_matrix() and evidence_count(). Errors: 22023 for lengths that do not match, names given twice, a precision that is not symmetric or not positive definite; 22004 for a NULL; 22003 for NaN or infinity; 54000 beyond 64 features.';

CREATE FUNCTION btwin.logit_prior(features text[], means float8[], deviations float8[],
    prior_sd float8 DEFAULT 1, intercept_sd float8 DEFAULT 10)
    RETURNS btwin.logit_model
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME', 'logit_prior';
COMMENT ON FUNCTION btwin.logit_prior(text[], float8[], float8[], float8, float8) IS
'A model that knows only the scale of its features: every coefficient is normal around 0 with standard deviation prior_sd per standard deviation of the feature, the intercept with intercept_sd. prior_sd 1 is a ridge of 1 on standardised features (Epic 5, 2.14: C = 1). Errors as for logit_model().';

CREATE FUNCTION btwin.logit_fit(query text, features text[], prior_sd float8 DEFAULT 1,
    weighted boolean DEFAULT false, max_iterations int DEFAULT 50, tolerance float8 DEFAULT 1e-10)
    RETURNS btwin.logit_model
    LANGUAGE plpgsql STABLE STRICT PARALLEL UNSAFE COST 1000000 AS
$function$
DECLARE
    examples constant text := pg_catalog.format(
        CASE WHEN logit_fit.weighted
             THEN E'SELECT btwin.logit_step_agg($1, q.y, q.x, q.weight) FROM (%s\n) AS q (y, x, weight)'
             ELSE E'SELECT btwin.logit_step_agg($1, q.y, q.x) FROM (%s\n) AS q (y, x)' END,
        pg_catalog.rtrim(logit_fit.query, E'; \n\r\t'));
    zeros constant float8[] := pg_catalog.array_fill(0::pg_catalog.float8,
        ARRAY[pg_catalog.cardinality(logit_fit.features)]);
    prior btwin.logit_model;
    current btwin.logit_model;
    step btwin.logit_step;
    best_step btwin.logit_step;
    best float8;
    reached float8;
    noise float8;
    damping float8 := 1;
    means float8[];
    deviations float8[];
BEGIN
    IF logit_fit.max_iterations OPERATOR(pg_catalog.<) 1 THEN
        RAISE EXCEPTION '"max_iterations" must be at least 1'
            USING ERRCODE = 'numeric_value_out_of_range',
                  DETAIL = pg_catalog.format('Found %s.', logit_fit.max_iterations),
                  HINT = 'The default of 50 is far more than Newton''s method needs.';
    END IF;
    IF NOT (logit_fit.tolerance OPERATOR(pg_catalog.>) 0 AND logit_fit.tolerance OPERATOR(pg_catalog.<) 1) THEN
        RAISE EXCEPTION '"tolerance" must be between 0 and 1'
            USING ERRCODE = 'numeric_value_out_of_range',
                  DETAIL = pg_catalog.format('Found %s.', logit_fit.tolerance),
                  HINT = 'It bounds newton_decrement(); 1e-10 is a good value.';
    END IF;

    -- Two passes for the scales: means first, then deviations about them.
    current := btwin.logit_prior(logit_fit.features, zeros, zeros, logit_fit.prior_sd);
    FOR pass IN 1 .. 2 LOOP
        EXECUTE examples INTO step USING current;
        IF step IS NULL OR btwin.evidence_count(step) OPERATOR(pg_catalog.=) 0 THEN
            RAISE EXCEPTION 'the query returns no examples'
                USING ERRCODE = 'invalid_parameter_value',
                      DETAIL = 'Rows with y or x NULL do not count.',
                      HINT = 'Return y boolean and x float8[] for every example.';
        END IF;
        SELECT pg_catalog.array_agg(COALESCE(CASE WHEN pass OPERATOR(pg_catalog.=) 1 THEN m.mean ELSE old.mean END, 0) ORDER BY m."position"),
               pg_catalog.array_agg(COALESCE(m.deviation, 0) ORDER BY m."position")
        INTO means, deviations
        FROM btwin.feature_moments(step) AS m
        LEFT JOIN btwin.coefficients(current) AS old ON old."position" OPERATOR(pg_catalog.=) m."position";
        prior := btwin.logit_prior(logit_fit.features, means, deviations, logit_fit.prior_sd);
        current := prior;
    END LOOP;

    -- The second pass stood at the prior's own coefficients: its step is the first.
    best_step := step;
    best := btwin.log_posterior(step, prior);
    noise := pg_catalog.abs(best) OPERATOR(pg_catalog.*) 1e-13::float8;
    FOR iteration IN 1 .. logit_fit.max_iterations LOOP
        IF btwin.newton_decrement(best_step, prior) OPERATOR(pg_catalog.<) logit_fit.tolerance THEN
            RETURN btwin.logit_next(best_step, prior);
        END IF;
        current := btwin.logit_next(best_step, prior, damping);
        EXECUTE examples INTO step USING current;
        reached := btwin.log_posterior(step, prior);
        IF reached OPERATOR(pg_catalog.<) (best OPERATOR(pg_catalog.-) noise) THEN
            -- overshot: try half the way
            damping := damping OPERATOR(pg_catalog./) 2;
        ELSE
            best_step := step;
            best := GREATEST(best, reached);
            damping := 1;
        END IF;
    END LOOP;
    RAISE EXCEPTION 'training did not converge in % iterations', logit_fit.max_iterations
        USING ERRCODE = 'invalid_parameter_value',
              DETAIL = pg_catalog.format('The Newton decrement is still %s.', btwin.newton_decrement(best_step, prior)),
              HINT = 'Use a smaller prior_sd, and a query that returns the same rows every time.';
END
$function$;
COMMENT ON FUNCTION btwin.logit_fit(text, text[], float8, boolean, int, float8) IS
'Trains a logistic model on the rows of a query that returns (y boolean, x float8[]), or (y, x, weight float8) where weighted; a NULL inside x is unknown and stands at the mean. Newton''s method under the prior of logit_prior(features, means, deviations, prior_sd), steps halved where they overshoot, until newton_decrement() < tolerance. The query runs about 6 times on the caller''s snapshot, with the caller''s rights and read-only (the function is STABLE): never build its text from untrusted input. Errors: 22023 without examples, for a wrong number of features or without convergence; those of the query.';

-- Using models

CREATE FUNCTION btwin.predict(model btwin.logit_model, x float8[],
    OUT probability float8, OUT low float8, OUT high float8, OUT confidence float8,
    OUT evidence_count bigint, OUT unknown_count int)
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'logit_model_predict';
COMMENT ON FUNCTION btwin.predict(btwin.logit_model, float8[]) IS
'Probability that y is true for the features x in the model''s order; a NULL element is unknown: it stands at the training mean and widens the uncertainty by its spread. probability is averaged over the coefficients'' posterior and the unknown features (MacKay 1992); [low, high] is the central 95 % interval, widened to hold the probability; confidence = 1 - (high - low); evidence_count = the model''s examples; unknown_count = NULL elements. Errors: 22023 "expected 15 features, not 14"; 22003 for NaN or infinity.';

CREATE FUNCTION btwin.contributions(model btwin.logit_model, x float8[],
    OUT factor text, OUT value float8, OUT weight float8, OUT contribution float8,
    OUT contribution_logit float8, OUT is_base boolean)
    RETURNS SETOF record
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 17 COST 20 AS 'MODULE_PATHNAME', 'logit_model_contributions';
COMMENT ON FUNCTION btwin.contributions(btwin.logit_model, float8[]) IS
'What predict(model, x).probability is made of; the contributions sum to it, the contribution_logits to its log odds. Rows: "base", the probability p0 with log odds z0 at the training means; one per feature with value (NULL: unknown), weight = coefficient, contribution_logit l = coefficient * (value - mean) and contribution = l * (p - p0) / (z - z0), in the limit l * p0 * (1 - p0) (integrated gradient); "uncertainty", what averaging over the unknown did.';

CREATE FUNCTION btwin.logit_update(model btwin.logit_model, y boolean, x float8[], weight float8 DEFAULT 1)
    RETURNS btwin.logit_model
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME', 'logit_model_update';
COMMENT ON FUNCTION btwin.logit_update(btwin.logit_model, boolean, float8[], float8) IS
'The model after one more example: coefficients move to the exact mode of the posterior given that row, precision grows by its curvature there. Means and deviations stay; a NULL element of x tells nothing. weight: 0 or more. Deterministic. Errors as for predict().';

CREATE FUNCTION btwin.coefficients(model btwin.logit_model,
    OUT "position" int, OUT feature text, OUT coefficient float8, OUT standard_error float8,
    OUT low float8, OUT high float8, OUT mean float8, OUT deviation float8)
    RETURNS SETOF record
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 16 COST 20 AS 'MODULE_PATHNAME', 'logit_model_coefficients';
COMMENT ON FUNCTION btwin.coefficients(btwin.logit_model) IS
'One row per coefficient: position 0 is the intercept (feature, mean and deviation NULL), then the features in order, with posterior standard error, 95 % interval, and the feature''s training mean and standard deviation. Errors: 22003 where a precision is too small for an interval in double precision.';

CREATE FUNCTION btwin.precision_matrix(model btwin.logit_model) RETURNS float8[]
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'logit_model_precision';
COMMENT ON FUNCTION btwin.precision_matrix(btwin.logit_model) IS
'Precision (inverse covariance) of the coefficients as a square array, the intercept first.';

CREATE FUNCTION btwin.evidence_count(model btwin.logit_model) RETURNS bigint
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'logit_model_evidence';
COMMENT ON FUNCTION btwin.evidence_count(btwin.logit_model) IS
'Examples the model was trained on, updates included; 0 for a prior.';

CREATE FUNCTION btwin.feature_vector(model btwin.logit_model, features jsonb) RETURNS float8[]
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 100 AS
$function$
DECLARE
    names text[];
    fault record;
    vector float8[];
BEGIN
    IF pg_catalog.jsonb_typeof(feature_vector.features) OPERATOR(pg_catalog.<>) 'object' THEN
        RAISE EXCEPTION '"features" must be an object of names and numbers'
            USING ERRCODE = 'invalid_parameter_value',
                  DETAIL = pg_catalog.format('Found: %s.', pg_catalog.jsonb_typeof(feature_vector.features)),
                  HINT = 'Pass {"feature": value, ...}; what is left out is unknown.';
    END IF;
    SELECT pg_catalog.array_agg(c.feature ORDER BY c."position") INTO names
    FROM btwin.coefficients(feature_vector.model) AS c
    WHERE c."position" OPERATOR(pg_catalog.>) 0;
    SELECT e.key AS key, e.value AS value, e.key OPERATOR(pg_catalog.=) ANY (names) AS known INTO fault
    FROM pg_catalog.jsonb_each(feature_vector.features) AS e
    WHERE NOT e.key OPERATOR(pg_catalog.=) ANY (names)
       OR NOT pg_catalog.jsonb_typeof(e.value) OPERATOR(pg_catalog.=) ANY (ARRAY['number', 'null'])
    ORDER BY e.key COLLATE "C"
    LIMIT 1;
    IF NOT fault.known THEN
        RAISE EXCEPTION 'unknown feature "%"', fault.key
            USING ERRCODE = 'invalid_parameter_value',
                  DETAIL = pg_catalog.format('The model has %s features.', pg_catalog.cardinality(names)),
                  HINT = pg_catalog.format('Use one of: %s.', pg_catalog.array_to_string(names, ', '));
    ELSIF fault.known THEN
        RAISE EXCEPTION 'feature "%" must be a number', fault.key
            USING ERRCODE = 'invalid_parameter_value',
                  DETAIL = pg_catalog.format('Found: %s.', pg_catalog.jsonb_typeof(fault.value)),
                  HINT = 'Pass null, or leave it out, where it is unknown.';
    END IF;
    SELECT pg_catalog.array_agg((feature_vector.features OPERATOR(pg_catalog.->>) n.name)::pg_catalog.float8 ORDER BY n.ordinality)
    INTO vector
    FROM pg_catalog.unnest(names) WITH ORDINALITY AS n (name, ordinality);
    RETURN vector;
END
$function$;
COMMENT ON FUNCTION btwin.feature_vector(btwin.logit_model, jsonb) IS
'The features of a JSON object {"name": number, ...} in the order of the model, NULL for those it lacks: what predict(), contributions() and logit_update() take. Errors: 22023 for a name the model does not know or a value that is no number.';

-- Struggle

CREATE FUNCTION btwin.struggle_features(
    OUT "position" int, OUT feature text, OUT meaning text,
    OUT epic5_default float8, OUT epic5_weight float8, OUT epic5_importance float8,
    OUT mean float8, OUT deviation float8, OUT coefficient float8)
    RETURNS SETOF record
    LANGUAGE C IMMUTABLE PARALLEL SAFE ROWS 15 AS 'MODULE_PATHNAME', 'struggle_features_rows';
COMMENT ON FUNCTION btwin.struggle_features() IS
'The 15 features of struggle, each 0 to 1, in their order (Epic 5 domain model, 2.11): name, meaning, the reference''s default, its weight in the baseline of 2.12 and its static importance; then mean, standard deviation and coefficient of the prior model struggle_model().';

CREATE FUNCTION btwin.struggle_vector(
    retention_score float8 DEFAULT NULL, retention_decline_rate float8 DEFAULT NULL,
    review_lapse_rate float8 DEFAULT NULL, session_performance_score float8 DEFAULT NULL,
    validation_score float8 DEFAULT NULL, prerequisite_gap_count float8 DEFAULT NULL,
    prerequisite_mastery_gap float8 DEFAULT NULL, content_complexity float8 DEFAULT NULL,
    complexity_mismatch float8 DEFAULT NULL, historical_struggle_score float8 DEFAULT NULL,
    content_type_mismatch float8 DEFAULT NULL, cognitive_load_indicator float8 DEFAULT NULL,
    days_until_exam float8 DEFAULT NULL, days_since_last_study float8 DEFAULT NULL,
    workload_level float8 DEFAULT NULL)
    RETURNS float8[]
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN ARRAY[retention_score, retention_decline_rate, review_lapse_rate,
        session_performance_score, validation_score, prerequisite_gap_count,
        prerequisite_mastery_gap, content_complexity, complexity_mismatch,
        historical_struggle_score, content_type_mismatch, cognitive_load_indicator,
        days_until_exam, days_since_last_study, workload_level];
COMMENT ON FUNCTION btwin.struggle_vector(float8, float8, float8, float8, float8, float8, float8, float8, float8, float8, float8, float8, float8, float8, float8) IS
'The 15 features by name in the order of struggle_features(), NULL for those not given: struggle_vector(retention_score => 0.3, workload_level => 0.8).';

CREATE FUNCTION btwin.struggle_model(population_rate float8 DEFAULT NULL) RETURNS btwin.logit_model
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME', 'struggle_model';
COMMENT ON FUNCTION btwin.struggle_model(float8) IS
'The prior model of struggle: 15 features, no training (evidence_count 0). Where nothing is known it answers population_rate, the share of (learner, objective) pairs that end in a struggle (0.001 to 0.999; NULL: 0.38). Coefficients and their reasons: doc/struggle.md. Prior for logit_next() and start of logit_update(). Error 22003 for a rate out of range.';

CREATE FUNCTION btwin.struggle_probability(features float8[], population_rate float8 DEFAULT NULL) RETURNS float8
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'struggle_probability';
COMMENT ON FUNCTION btwin.struggle_probability(float8[], float8) IS
'Probability (0 to 1) that the learner will struggle, from the 15 features of struggle_features(), each 0 to 1, NULL = unknown: predict(struggle_model(population_rate), features).probability; use predict() and contributions() on struggle_model() for interval and reasons. NULL for NULL features. Errors: 22023 for another number of features, 22003 for one outside 0 to 1.';

CREATE FUNCTION btwin.struggle_level(probability float8) RETURNS text
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'struggle_level_of';
COMMENT ON FUNCTION btwin.struggle_level(float8) IS
'Risk level of a struggle probability: HIGH from 0.7, MEDIUM from 0.4, else LOW (Epic 5 domain model, 2.13). Error 22003 outside 0 to 1.';

CREATE FUNCTION btwin.struggle_outcome(probability float8, struggled boolean) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN CASE WHEN probability OPERATOR(pg_catalog.>=) 0.5
                THEN CASE WHEN struggled THEN 'CONFIRMED' ELSE 'FALSE_POSITIVE' END
                ELSE CASE WHEN struggled THEN 'MISSED' ELSE 'RESOLVED' END END;
COMMENT ON FUNCTION btwin.struggle_outcome(float8, boolean) IS
'What became of a prediction, one of four, so that the confusion matrix can be rebuilt: CONFIRMED (predicted from 0.5, and so it was), FALSE_POSITIVE, MISSED, RESOLVED (neither). NULL while the outcome is unknown.';
-- cognitive load: how hard a session was, against the learner's own baseline

CREATE TYPE btwin.cognitive_load;

CREATE FUNCTION btwin.cognitive_load_in(state cstring) RETURNS btwin.cognitive_load
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cognitive_load_in';
CREATE FUNCTION btwin.cognitive_load_out(state btwin.cognitive_load) RETURNS cstring
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cognitive_load_out';
CREATE FUNCTION btwin.cognitive_load_recv(state internal) RETURNS btwin.cognitive_load
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cognitive_load_recv';
CREATE FUNCTION btwin.cognitive_load_send(state btwin.cognitive_load) RETURNS bytea
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cognitive_load_send';

CREATE TYPE btwin.cognitive_load (
    INPUT = btwin.cognitive_load_in,
    OUTPUT = btwin.cognitive_load_out,
    RECEIVE = btwin.cognitive_load_recv,
    SEND = btwin.cognitive_load_send,
    INTERNALLENGTH = VARIABLE,
    ALIGNMENT = int4,
    STORAGE = extended
);
COMMENT ON TYPE btwin.cognitive_load IS
'State of the cognitive load family: the answers of one session (time, latency, outcome, pause), in order of time, at most 10000. 17 bytes an answer, 25 with a pause. Text form: one JSON object, exact. Built by cognitive_load_agg(), merged by rollup(), made part of a load_baseline by baseline().';

CREATE FUNCTION btwin.cognitive_load_to_jsonb(state btwin.cognitive_load) RETURNS jsonb
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cognitive_load_to_jsonb';
COMMENT ON FUNCTION btwin.cognitive_load_to_jsonb(btwin.cognitive_load) IS
'The state as jsonb: {family, version, answers: [{at, outcome, latency_ms, pause_ms}]}. at: microseconds since 2000-01-01 00:00 UTC; outcome: correct, incorrect or null. entries() gives the same as rows.';
CREATE CAST (btwin.cognitive_load AS jsonb) WITH FUNCTION btwin.cognitive_load_to_jsonb(btwin.cognitive_load);

CREATE FUNCTION btwin.cognitive_load_accum(state internal, at timestamptz, latency_ms float8, correct boolean) RETURNS internal
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'cognitive_load_accum';
CREATE FUNCTION btwin.cognitive_load_accum_pause(state internal, at timestamptz, latency_ms float8, correct boolean, pause_ms float8) RETURNS internal
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'cognitive_load_accum_pause';
CREATE FUNCTION btwin.cognitive_load_rollup_accum(state internal, load btwin.cognitive_load) RETURNS internal
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'cognitive_load_rollup_accum';
CREATE FUNCTION btwin.cognitive_load_combine(state internal, other internal) RETURNS internal
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'cognitive_load_combine';
CREATE FUNCTION btwin.cognitive_load_serialize(state internal) RETURNS bytea
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cognitive_load_serialize';
CREATE FUNCTION btwin.cognitive_load_deserialize(bytes bytea, state internal) RETURNS internal
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cognitive_load_deserialize';
CREATE FUNCTION btwin.cognitive_load_final(state internal) RETURNS btwin.cognitive_load
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'cognitive_load_final';

CREATE AGGREGATE btwin.cognitive_load_agg(at timestamptz, latency_ms float8, correct boolean) (
    SFUNC = btwin.cognitive_load_accum,
    STYPE = internal,
    SSPACE = 1024,
    FINALFUNC = btwin.cognitive_load_final,
    COMBINEFUNC = btwin.cognitive_load_combine,
    SERIALFUNC = btwin.cognitive_load_serialize,
    DESERIALFUNC = btwin.cognitive_load_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE btwin.cognitive_load_agg(timestamptz, float8, boolean) IS
'The answers of one session; GROUP BY the session. at: when the question was shown (not when it was answered: that time contains the latency); latency_ms: milliseconds to the answer, 0 or more; correct: its outcome. A row needs at, and latency_ms or correct: others are skipped; only such rows give a state without answers, no rows give NULL. Order of rows does not matter, equal rows are all kept. Errors: 22003 for NaN, infinity or a negative latency, 22008 for an infinite time, 54000 beyond 10000 answers.';

CREATE AGGREGATE btwin.cognitive_load_agg(at timestamptz, latency_ms float8, correct boolean, pause_ms float8) (
    SFUNC = btwin.cognitive_load_accum_pause,
    STYPE = internal,
    SSPACE = 1024,
    FINALFUNC = btwin.cognitive_load_final,
    COMBINEFUNC = btwin.cognitive_load_combine,
    SERIALFUNC = btwin.cognitive_load_serialize,
    DESERIALFUNC = btwin.cognitive_load_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE btwin.cognitive_load_agg(timestamptz, float8, boolean, float8) IS
'The same with the milliseconds (0 or more, a single pause counts at most a day) that the learner was away before the answer; NULL: not reported. Errors as for cognitive_load_agg(at, latency_ms, correct).';

CREATE AGGREGATE btwin.rollup(load btwin.cognitive_load) (
    SFUNC = btwin.cognitive_load_rollup_accum,
    STYPE = internal,
    SSPACE = 1024,
    FINALFUNC = btwin.cognitive_load_final,
    COMBINEFUNC = btwin.cognitive_load_combine,
    SERIALFUNC = btwin.cognitive_load_serialize,
    DESERIALFUNC = btwin.cognitive_load_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE btwin.rollup(btwin.cognitive_load) IS
'Merges states of parts of one session: the state that cognitive_load_agg() would have built over all their answers, to the byte. Different sessions are merged as rollup(baseline(load)). Error 54000 beyond 10000 answers.';

CREATE TYPE btwin.load_baseline;

CREATE FUNCTION btwin.load_baseline_in(state cstring) RETURNS btwin.load_baseline
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'load_baseline_in';
CREATE FUNCTION btwin.load_baseline_out(state btwin.load_baseline) RETURNS cstring
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'load_baseline_out';
CREATE FUNCTION btwin.load_baseline_recv(state internal) RETURNS btwin.load_baseline
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'load_baseline_recv';
CREATE FUNCTION btwin.load_baseline_send(state btwin.load_baseline) RETURNS bytea
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'load_baseline_send';

CREATE TYPE btwin.load_baseline (
    INPUT = btwin.load_baseline_in,
    OUTPUT = btwin.load_baseline_out,
    RECEIVE = btwin.load_baseline_recv,
    SEND = btwin.load_baseline_send,
    INTERNALLENGTH = VARIABLE,
    ALIGNMENT = int4,
    STORAGE = extended
);
COMMENT ON TYPE btwin.load_baseline IS
'What any number of sessions say of a learner''s norm: counts of sessions and answers, and histograms of latency by outcome and of session length on a fixed logarithmic grid (16 bins to the doubling, 1 ms to 37 hours). 60 bytes and about 2 per occupied bin; grows with the spread of the values, not with their number. Text form: one JSON object, exact. Built by baseline(load), merged by rollup().';

CREATE FUNCTION btwin.load_baseline_to_jsonb(state btwin.load_baseline) RETURNS jsonb
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'load_baseline_to_jsonb';
COMMENT ON FUNCTION btwin.load_baseline_to_jsonb(btwin.load_baseline) IS
'The state as jsonb: {family, version, sessions, correct, incorrect, pause_ms, paused_session_ms, latency_unknown, latency_incorrect, latency_correct, session_length}, the last four lists of {bin, count}; bin b holds 2^(b/16) to 2^((b+1)/16) milliseconds.';
CREATE CAST (btwin.load_baseline AS jsonb) WITH FUNCTION btwin.load_baseline_to_jsonb(btwin.load_baseline);

CREATE FUNCTION btwin.load_baseline_rollup_accum(state internal, baseline btwin.load_baseline) RETURNS internal
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'load_baseline_rollup_accum';
CREATE FUNCTION btwin.load_baseline_combine(state internal, other internal) RETURNS internal
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'load_baseline_combine';
CREATE FUNCTION btwin.load_baseline_serialize(state internal) RETURNS bytea
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'load_baseline_serialize';
CREATE FUNCTION btwin.load_baseline_deserialize(bytes bytea, state internal) RETURNS internal
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'load_baseline_deserialize';
CREATE FUNCTION btwin.load_baseline_final(state internal) RETURNS btwin.load_baseline
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'load_baseline_final';

CREATE AGGREGATE btwin.rollup(baseline btwin.load_baseline) (
    SFUNC = btwin.load_baseline_rollup_accum,
    STYPE = internal,
    SSPACE = 4096,
    FINALFUNC = btwin.load_baseline_final,
    COMBINEFUNC = btwin.load_baseline_combine,
    SERIALFUNC = btwin.load_baseline_serialize,
    DESERIALFUNC = btwin.load_baseline_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE btwin.rollup(btwin.load_baseline) IS
'Merges baselines: of sessions into a day, of days into a month. All counts are integers, so order and grouping change nothing, to the byte.';

CREATE FUNCTION btwin.baseline(load btwin.cognitive_load, minutes float8 DEFAULT NULL) RETURNS btwin.load_baseline
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'cognitive_load_baseline';
COMMENT ON FUNCTION btwin.baseline(btwin.cognitive_load, float8) IS
'One session as a baseline, to be merged by rollup(). minutes: length of the session (0 to 1440) where it is known better than from its answers; NULL: minutes(load). A state without answers gives a baseline without sessions, NULL gives NULL. Error 22003 for minutes out of range.';

CREATE FUNCTION btwin.baseline_summary(baseline btwin.load_baseline,
    OUT sessions bigint, OUT latencies bigint, OUT correct bigint, OUT incorrect bigint,
    OUT median_latency_ms float8, OUT mad_log_latency float8, OUT median_minutes float8,
    OUT usual_latency_ms float8, OUT usual_latency_log_error float8, OUT incorrect_slowdown float8,
    OUT log_latency_spread float8, OUT usual_error_rate float8, OUT usual_minutes float8,
    OUT usual_pause_share float8)
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME', 'load_baseline_summary';
COMMENT ON FUNCTION btwin.baseline_summary(btwin.load_baseline) IS
'Counts; plain statistics (median latency and median session length within 4.4 %, one bin of the grid; unscaled MAD of log latency within 0.087, two bins; NULL without data); and the norms that a session is held against, drawn towards the population''s where data are few: latency of a correct answer and the standard error of its logarithm, how many times slower incorrect answers are, spread of log latency, error rate, minutes that two sessions of three stay below, share of pauses.';

CREATE FUNCTION btwin.load_score(load btwin.cognitive_load, baseline btwin.load_baseline DEFAULT NULL, minutes float8 DEFAULT NULL,
    OUT value float8, OUT low float8, OUT high float8, OUT load_level text, OUT overload boolean,
    OUT confidence float8, OUT evidence_count bigint, OUT reason text)
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 50 AS 'MODULE_PATHNAME', 'cognitive_load_score';
COMMENT ON FUNCTION btwin.load_score(btwin.cognitive_load, btwin.load_baseline, float8) IS
'Load of the session, 0 to 100, against the learner''s baseline (of earlier sessions, not of this one): 35 is an ordinary session. low, high: central 95 % interval; overload: value >= 80 or two HIGH indicators; confidence 0 to 1: how much of what the factors could tell is known; evidence_count: answers. minutes: length of the session (0 to 1440) where known better than from its answers. reason: default_used without a baseline (population norms), no_rows where value is NULL for want of answers. Method: doc/load.md. Error 22003 for minutes out of range.';

CREATE FUNCTION btwin.load_level(load btwin.cognitive_load, baseline btwin.load_baseline DEFAULT NULL, minutes float8 DEFAULT NULL) RETURNS text
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 50 AS 'MODULE_PATHNAME', 'cognitive_load_level';
COMMENT ON FUNCTION btwin.load_level(btwin.cognitive_load, btwin.load_baseline, float8) IS
'Level of load_score(...).value: LOW below 40, MODERATE below 60, HIGH below 80, CRITICAL from 80 on; NULL without answers.';

CREATE FUNCTION btwin.load_level(score float8) RETURNS text
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'load_level_of_score';
COMMENT ON FUNCTION btwin.load_level(float8) IS
'Level of a load of 0 to 100: LOW below 40, MODERATE below 60, HIGH below 80, CRITICAL from 80 on. Error 22003 outside 0 to 100.';

CREATE FUNCTION btwin.indicators(load btwin.cognitive_load, baseline btwin.load_baseline DEFAULT NULL, minutes float8 DEFAULT NULL,
    OUT type text, OUT severity text, OUT value float8, OUT contribution float8)
    RETURNS SETOF record
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 50 ROWS 2 AS 'MODULE_PATHNAME', 'cognitive_load_indicators';
COMMENT ON FUNCTION btwin.indicators(btwin.cognitive_load, btwin.load_baseline, float8) IS
'Factors that raise the load noticeably, strongest first. type and value: RESPONSE_LATENCY (times the usual), ERROR_RATE (0 to 1), ENGAGEMENT_DROP (share of pauses, 0 to 1), PERFORMANCE_DECLINE (rise of the error rate from start to end), DURATION_STRESS (minutes). severity: LOW, MEDIUM, HIGH where the factor alone lifts an ordinary session by 4, 8, 12 points; contribution: its points of this load, as in contributions(). No row for a state without answers.';

CREATE FUNCTION btwin.contributions(load btwin.cognitive_load, baseline btwin.load_baseline DEFAULT NULL, minutes float8 DEFAULT NULL,
    OUT factor text, OUT value float8, OUT weight float8, OUT contribution float8)
    RETURNS SETOF record
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 50 ROWS 6 AS 'MODULE_PATHNAME', 'cognitive_load_contributions';
COMMENT ON FUNCTION btwin.contributions(btwin.cognitive_load, btwin.load_baseline, float8) IS
'What the load is made of: ORDINARY_SESSION (35) and the five factors of indicators(), each with its deviation from the norm (log ratio of latency, difference of error rates, of pause shares, rise of the error rate, minutes beyond the norm; NULL where not measured), its weight (points per unit, smaller the less is known) and contribution = value * weight, 0 where not measured. The contributions sum to load_score(...).value.';

CREATE FUNCTION btwin.confidence(load btwin.cognitive_load, baseline btwin.load_baseline DEFAULT NULL, minutes float8 DEFAULT NULL) RETURNS float8
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 50 AS 'MODULE_PATHNAME', 'cognitive_load_confidence';
COMMENT ON FUNCTION btwin.confidence(btwin.cognitive_load, btwin.load_baseline, float8) IS
'0 to 1: the factors'' reliabilities (share of a deviation''s variance that is not error) weighted by what each can move; NULL without answers.';

CREATE FUNCTION btwin.evidence_count(load btwin.cognitive_load) RETURNS bigint
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cognitive_load_evidence_count';
COMMENT ON FUNCTION btwin.evidence_count(btwin.cognitive_load) IS
'Number of entries in the session state, answers and pauses alike; 0 for an empty state.';

CREATE FUNCTION btwin.minutes(load btwin.cognitive_load) RETURNS float8
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cognitive_load_minutes';
COMMENT ON FUNCTION btwin.minutes(btwin.cognitive_load) IS
'Minutes at work as the answers tell: the intervals between questions, none counted with more than 10 minutes, and the last answer''s latency; NULL without answers.';

CREATE FUNCTION btwin.entries(load btwin.cognitive_load,
    OUT at timestamptz, OUT latency_ms float8, OUT correct boolean, OUT pause_ms float8)
    RETURNS SETOF record
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 20 AS 'MODULE_PATHNAME', 'cognitive_load_entries';
COMMENT ON FUNCTION btwin.entries(btwin.cognitive_load) IS
'One row per answer, in order of time; NULL where latency, outcome or pause was not given.';
-- burnout: what each day was like, and how far the last two weeks depart from normal

CREATE TYPE btwin.burnout;

CREATE FUNCTION btwin.burnout_in(state cstring) RETURNS btwin.burnout
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'burnout_in';
CREATE FUNCTION btwin.burnout_out(state btwin.burnout) RETURNS cstring
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'burnout_out';
CREATE FUNCTION btwin.burnout_recv(state internal) RETURNS btwin.burnout
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'burnout_recv';
CREATE FUNCTION btwin.burnout_send(state btwin.burnout) RETURNS bytea
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'burnout_send';

CREATE TYPE btwin.burnout (
    INPUT = btwin.burnout_in,
    OUTPUT = btwin.burnout_out,
    RECEIVE = btwin.burnout_recv,
    SEND = btwin.burnout_send,
    INTERNALLENGTH = VARIABLE,
    ALIGNMENT = int4,
    STORAGE = extended
);
COMMENT ON TYPE btwin.burnout IS
'State of the burnout family: per calendar day, and per quantity (study time, load, retention, performance, missions planned, skipped, in progress, rated low, sessions of unknown length), the rows that knew it and their sum. At most 4000 days; 18 to 114 bytes a day. Text form: one JSON object, exact. Built by burnout_agg(), merged by rollup().';

CREATE FUNCTION btwin.burnout_to_jsonb(state btwin.burnout) RETURNS jsonb
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'burnout_to_jsonb';
COMMENT ON FUNCTION btwin.burnout_to_jsonb(btwin.burnout) IS
'The state as jsonb: {family, version, days: [{day, study_ms, load, retention, planned, skipped, performance, in_progress, rated_low, untimed}]}, days ascending as "YYYY-MM-DD", every quantity as [rows, sum], [0, 0] where unknown.';
CREATE CAST (btwin.burnout AS jsonb) WITH FUNCTION btwin.burnout_to_jsonb(btwin.burnout);

CREATE FUNCTION btwin.burnout_accum(state internal, day date, study_ms float8, load float8, retention float8, planned int, skipped int) RETURNS internal
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'burnout_accum';
CREATE FUNCTION btwin.burnout_accum_full(state internal, day date, study_ms float8, load float8, retention float8, planned int, skipped int, performance float8, in_progress int, rated_low int) RETURNS internal
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'burnout_accum_full';
CREATE FUNCTION btwin.burnout_accum_untimed(state internal, day date, study_ms float8, load float8, retention float8, planned int, skipped int, performance float8, in_progress int, rated_low int, untimed int) RETURNS internal
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'burnout_accum_untimed';
CREATE FUNCTION btwin.burnout_rollup_accum(state internal, burnout btwin.burnout) RETURNS internal
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'burnout_rollup_accum';
CREATE FUNCTION btwin.burnout_combine(state internal, other internal) RETURNS internal
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'burnout_combine';
CREATE FUNCTION btwin.burnout_serialize(state internal) RETURNS bytea
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'burnout_serialize';
CREATE FUNCTION btwin.burnout_deserialize(bytes bytea, state internal) RETURNS internal
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'burnout_deserialize';
CREATE FUNCTION btwin.burnout_final(state internal) RETURNS btwin.burnout
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'burnout_final';

CREATE AGGREGATE btwin.burnout_agg(day date, study_ms float8, load float8, retention float8, planned int, skipped int) (
    SFUNC = btwin.burnout_accum,
    STYPE = internal,
    SSPACE = 16384,
    FINALFUNC = btwin.burnout_final,
    COMBINEFUNC = btwin.burnout_combine,
    SERIALFUNC = btwin.burnout_serialize,
    DESERIALFUNC = btwin.burnout_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE btwin.burnout_agg(date, float8, float8, float8, int, int) IS
'Burnout state of a learner''s days, as a rule one row a day. day: the learner''s local day. study_ms: time studied (0 to 90000000). load: cognitive load (0 to 100). retention: recall that day (0 to 1). planned, skipped: missions of the day (0 to 1000). Any of them may be NULL (this row does not know it); several rows of one day add up (study time, missions) or average (load, retention), in any order. Rows without a day, or with nothing else, are skipped; only such rows give a state without days, no rows give NULL. Errors: 22003 for NaN, infinity or a value out of range, 22008 for a day outside the years 1 to 9999, 22023 for more missions skipped than planned, 54000 beyond 4000 days.';

CREATE AGGREGATE btwin.burnout_agg(day date, study_ms float8, load float8, retention float8, planned int, skipped int, performance float8, in_progress int, rated_low int) (
    SFUNC = btwin.burnout_accum_full,
    STYPE = internal,
    SSPACE = 16384,
    FINALFUNC = btwin.burnout_final,
    COMBINEFUNC = btwin.burnout_combine,
    SERIALFUNC = btwin.burnout_serialize,
    DESERIALFUNC = btwin.burnout_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE btwin.burnout_agg(date, float8, float8, float8, int, int, float8, int, int) IS
'As burnout_agg(day, study_ms, load, retention, planned, skipped), with three quantities more: performance (mean session performance, 0 to 1), in_progress (missions begun and not finished), rated_low (missions rated 1 or 2 of 5), both at most "planned".';

CREATE AGGREGATE btwin.burnout_agg(day date, study_ms float8, load float8, retention float8, planned int, skipped int, performance float8, in_progress int, rated_low int, untimed int) (
    SFUNC = btwin.burnout_accum_untimed,
    STYPE = internal,
    SSPACE = 16384,
    FINALFUNC = btwin.burnout_final,
    COMBINEFUNC = btwin.burnout_combine,
    SERIALFUNC = btwin.burnout_serialize,
    DESERIALFUNC = btwin.burnout_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE btwin.burnout_agg(date, float8, float8, float8, int, int, float8, int, int, int) IS
'As burnout_agg(day, ..., performance, in_progress, rated_low), with untimed: study sessions of the day whose length nobody knows (0 to 1000). A day with one has been studied: it is no day of rest, and where nothing of it is timed it is left out of the hours.';

CREATE AGGREGATE btwin.rollup(burnout btwin.burnout) (
    SFUNC = btwin.burnout_rollup_accum,
    STYPE = internal,
    SSPACE = 16384,
    FINALFUNC = btwin.burnout_final,
    COMBINEFUNC = btwin.burnout_combine,
    SERIALFUNC = btwin.burnout_serialize,
    DESERIALFUNC = btwin.burnout_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE btwin.rollup(btwin.burnout) IS
'Merges burnout states, also ones that share days: the state that burnout_agg() would have built over all their rows, up to rounding. Error 54000 when they hold more than 4000 days together.';

CREATE FUNCTION btwin.risk(burnout btwin.burnout, as_of date,
    OUT score float8, OUT low float8, OUT high float8, OUT level text,
    OUT confidence float8, OUT evidence_days int, OUT reason text)
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 200 AS 'MODULE_PATHNAME', 'burnout_risk';
COMMENT ON FUNCTION btwin.risk(btwin.burnout, date) IS
'Burnout risk on a day, from the 14 days up to it against the learner''s own 56 days before: score 0 to 100 with its 95 % interval [low, high]; level LOW, MEDIUM (from 25), HIGH (50), CRITICAL (75), which falls only when the score lies 5 below the cut and needs 3, 5 or 7 evidence_days; confidence 0 to 1, the share of the answer that is evidence; evidence_days, days of the 14 with rows. No row after as_of is used, none more than 125 days before it matters. Without a score all but evidence_days are NULL and reason is "no_rows" (none in the 14 days) or "insufficient_data" (nothing is known but days of rest). Source: factors, weights and levels of the Epic 5 domain model, 2.20; the method is in doc/burnout.md. Error 22008 for an as_of outside the years 1 to 9999.';

CREATE FUNCTION btwin.risk_score(burnout btwin.burnout, as_of date) RETURNS float8
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME', 'burnout_risk_score';
COMMENT ON FUNCTION btwin.risk_score(btwin.burnout, date) IS
'The score of risk(burnout, as_of), 0 to 100; NULL where that has none.';

CREATE FUNCTION btwin.risk_level(burnout btwin.burnout, as_of date) RETURNS text
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 200 AS 'MODULE_PATHNAME', 'burnout_risk_level';
COMMENT ON FUNCTION btwin.risk_level(btwin.burnout, date) IS
'The level of risk(burnout, as_of): LOW, MEDIUM, HIGH or CRITICAL; NULL where that has none.';

CREATE FUNCTION btwin.confidence(burnout btwin.burnout, as_of date) RETURNS float8
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME', 'burnout_confidence';
COMMENT ON FUNCTION btwin.confidence(btwin.burnout, date) IS
'The confidence of risk(burnout, as_of), 0 to 1: the weighted mean of the factors'' reliabilities, an unknown factor counting 0; NULL without a score.';

CREATE FUNCTION btwin.risk_by_day(burnout btwin.burnout, start_day date, end_day date,
    OUT day date, OUT score float8, OUT low float8, OUT high float8, OUT level text, OUT evidence_days int)
    RETURNS SETOF record
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000 ROWS 100 AS 'MODULE_PATHNAME', 'burnout_risk_by_day';
COMMENT ON FUNCTION btwin.risk_by_day(btwin.burnout, date, date) IS
'risk(burnout, day) for every day from start_day to end_day, both included, from the state''s first day on: what would have been said on that day. Errors: 22023 when start_day is after end_day, 22008 for a day outside the years 1 to 9999, 54000 for a range of more than 4000 days.';

CREATE FUNCTION btwin.factors(burnout btwin.burnout, as_of date,
    OUT factor text, OUT value float8, OUT normal float8, OUT score float8, OUT low float8, OUT high float8,
    OUT weight float8, OUT contribution float8, OUT severity text, OUT confidence float8)
    RETURNS SETOF record
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20 ROWS 6 AS 'MODULE_PATHNAME', 'burnout_factors';
COMMENT ON FUNCTION btwin.factors(btwin.burnout, date) IS
'The six factors behind risk(burnout, as_of), in the order of the Epic 5 domain model, 2.20; no rows without a score. value and normal (over the window; what is normal for the learner): Study Intensity in hours a week, Performance Decline in performance or retention 0 to 1, Chronic Cognitive Load in points 0 to 100, Schedule Irregularity in share of planned missions skipped, Engagement Decay in share of planned missions skipped, left open or rated low (without missions: share of study time given up, normal 0), Recovery Deficit in days of rest out of seven (normal: 3). score 0 to 100 with its 95 % interval [low, high]; weight: that of the model times 2 - K where the known factors carry K of it; contribution = weight * score, summing to the score of risk(); severity by the cuts 25, 50, 75; confidence 0 to 1. An unknown factor has NULL value, normal, score, interval and severity, weight 0 and contribution 0.';

CREATE FUNCTION btwin.contributions(burnout btwin.burnout, as_of date,
    OUT factor text, OUT value float8, OUT weight float8, OUT contribution float8)
    RETURNS SETOF record
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20 ROWS 6 AS 'MODULE_PATHNAME', 'burnout_contributions';
COMMENT ON FUNCTION btwin.contributions(btwin.burnout, date) IS
'What the score of risk(burnout, as_of) is made of: per factor value (its score, 0 to 100, NULL where unknown), weight and contribution = value * weight; the contributions sum to the score. No rows without a score.';

CREATE FUNCTION btwin.signals(burnout btwin.burnout, as_of date,
    OUT type text, OUT severity text, OUT value float8, OUT first_detected date, OUT confidence float8)
    RETURNS SETOF record
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 200 ROWS 1 AS 'MODULE_PATHNAME', 'burnout_signals';
COMMENT ON FUNCTION btwin.signals(btwin.burnout, date) IS
'The warning signals that stand on a day, of the five of the Epic 5 domain model, 2.20: CHRONIC_OVERLOAD (value: mean load; material: 10 points above normal), PERFORMANCE_DROP (value: fall of performance or retention; 0.05), ENGAGEMENT_LOSS (value: share of planned missions not engaged with; 0.10 above normal; without missions share of study time given up; 0.25), IRREGULAR_PATTERN (value: share of planned missions skipped; 0.10 above normal), NO_RECOVERY (value: days of rest in the last seven, below 1). confidence: probability that the true departure is at least material, 0 to 1; severity MEDIUM from 0.80, HIGH from 0.95. For NO_RECOVERY: share of the seven days known for certain; HIGH below half a day of rest. first_detected: first day since which the signal stands without a break, at most 56 days back.';

CREATE FUNCTION btwin.days(burnout btwin.burnout,
    OUT day date, OUT study_ms float8, OUT load float8, OUT retention float8, OUT planned bigint, OUT skipped bigint,
    OUT performance float8, OUT in_progress bigint, OUT rated_low bigint, OUT untimed bigint)
    RETURNS SETOF record
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 180 AS 'MODULE_PATHNAME', 'burnout_days';
COMMENT ON FUNCTION btwin.days(btwin.burnout) IS
'One row per day of the state, ascending: sums of study time (ms), missions and sessions of unknown length, means of load (0 to 100), retention and performance (0 to 1); NULL where no row of the day knew it.';
-- bandit: what is known of each arm's reward, and which arm to try now

CREATE TYPE btwin.bandit;

CREATE FUNCTION btwin.bandit_in(state cstring) RETURNS btwin.bandit
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'bandit_in';
CREATE FUNCTION btwin.bandit_out(state btwin.bandit) RETURNS cstring
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'bandit_out';
CREATE FUNCTION btwin.bandit_recv(state internal) RETURNS btwin.bandit
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'bandit_recv';
CREATE FUNCTION btwin.bandit_send(state btwin.bandit) RETURNS bytea
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'bandit_send';

CREATE TYPE btwin.bandit (
    INPUT = btwin.bandit_in,
    OUTPUT = btwin.bandit_out,
    RECEIVE = btwin.bandit_recv,
    SEND = btwin.bandit_send,
    INTERNALLENGTH = VARIABLE,
    ALIGNMENT = int4,
    STORAGE = extended
);
COMMENT ON TYPE btwin.bandit IS
'State of the bandit family: per arm the number of pulls and the weighted moments, minimum and maximum of its rewards. At most 1000 arms with names of 1 to 255 bytes. Text form: one JSON object, exact. Built by bandit_agg() or bandit_init(), merged by rollup().';

CREATE FUNCTION btwin.bandit_to_jsonb(state btwin.bandit) RETURNS jsonb
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'bandit_to_jsonb';
COMMENT ON FUNCTION btwin.bandit_to_jsonb(btwin.bandit) IS
'The state as jsonb: {family, version, arms: [{arm, pulls, weight, sum, squared_deviations, min, max}]}, arms in byte order of their names.';
CREATE CAST (btwin.bandit AS jsonb) WITH FUNCTION btwin.bandit_to_jsonb(btwin.bandit);

CREATE FUNCTION btwin.bandit_accum(state internal, arm text, reward float8) RETURNS internal
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'bandit_accum';
CREATE FUNCTION btwin.bandit_accum_weighted(state internal, arm text, reward float8, weight float8) RETURNS internal
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'bandit_accum_weighted';
CREATE FUNCTION btwin.bandit_rollup_accum(state internal, bandit btwin.bandit) RETURNS internal
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'bandit_rollup_accum';
CREATE FUNCTION btwin.bandit_combine(state internal, other internal) RETURNS internal
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'bandit_combine';
CREATE FUNCTION btwin.bandit_serialize(state internal) RETURNS bytea
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'bandit_serialize';
CREATE FUNCTION btwin.bandit_deserialize(bytes bytea, state internal) RETURNS internal
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'bandit_deserialize';
CREATE FUNCTION btwin.bandit_final(state internal) RETURNS btwin.bandit
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'bandit_final';

CREATE AGGREGATE btwin.bandit_agg(arm text, reward float8) (
    SFUNC = btwin.bandit_accum,
    STYPE = internal,
    SSPACE = 1024,
    FINALFUNC = btwin.bandit_final,
    COMBINEFUNC = btwin.bandit_combine,
    SERIALFUNC = btwin.bandit_serialize,
    DESERIALFUNC = btwin.bandit_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE btwin.bandit_agg(text, float8) IS
'Bandit state of the rewards seen per arm. reward: any finite number; policies over Beta posteriors need 0 to 1. Rows with a NULL are skipped; only NULL rows give a state without arms, no rows give NULL. Errors: 22003 for NaN or infinity, 22023 for an arm name that is empty or longer than 255 bytes, 54000 beyond 1000 arms.';

CREATE AGGREGATE btwin.bandit_agg(arm text, reward float8, weight float8) (
    SFUNC = btwin.bandit_accum_weighted,
    STYPE = internal,
    SSPACE = 1024,
    FINALFUNC = btwin.bandit_final,
    COMBINEFUNC = btwin.bandit_combine,
    SERIALFUNC = btwin.bandit_serialize,
    DESERIALFUNC = btwin.bandit_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE btwin.bandit_agg(text, float8, float8) IS
'Bandit state where a row counts as "weight" observations (0 or more): pass power(0.99, age) to let old rewards fade, which keeps the result independent of the order of rows. pulls still counts rows. Errors as for bandit_agg(arm, reward), and 22003 for a negative weight.';

CREATE AGGREGATE btwin.rollup(bandit btwin.bandit) (
    SFUNC = btwin.bandit_rollup_accum,
    STYPE = internal,
    SSPACE = 1024,
    FINALFUNC = btwin.bandit_final,
    COMBINEFUNC = btwin.bandit_combine,
    SERIALFUNC = btwin.bandit_serialize,
    DESERIALFUNC = btwin.bandit_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE btwin.rollup(btwin.bandit) IS
'Merges bandit states: the state that bandit_agg() would have built over all their rows, up to rounding.';

CREATE FUNCTION btwin.bandit_init(arms text[]) RETURNS btwin.bandit
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'bandit_init';
COMMENT ON FUNCTION btwin.bandit_init(text[]) IS
'A state that knows the given arms and no rewards yet. Errors: 22004 for a NULL name, 22023 for an empty or overlong one.';

CREATE FUNCTION btwin.bandit_add(bandit btwin.bandit, arm text, reward float8) RETURNS btwin.bandit
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'bandit_add';
COMMENT ON FUNCTION btwin.bandit_add(btwin.bandit, text, float8) IS
'The state with one reward more, as if bandit_agg() had seen that row too.';

CREATE FUNCTION btwin.discount(bandit btwin.bandit, factor float8) RETURNS btwin.bandit
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'bandit_discount';
COMMENT ON FUNCTION btwin.discount(btwin.bandit, float8) IS
'The state in which every observation so far counts "factor" (0 to 1) of what it did: apply it between rewards where arms drift. pulls, min and max stay.';

CREATE FUNCTION btwin.arms(bandit btwin.bandit,
    OUT arm text, OUT pulls bigint, OUT weight float8, OUT mean_reward float8,
    OUT sd_reward float8, OUT min_reward float8, OUT max_reward float8)
    RETURNS SETOF record
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 5 AS 'MODULE_PATHNAME', 'bandit_arms';
COMMENT ON FUNCTION btwin.arms(btwin.bandit) IS
'One row per arm in byte order of names: rows seen, sum of weights, mean (NULL without weight), sample standard deviation (NULL up to weight 1), smallest and largest reward (NULL without rows).';

CREATE FUNCTION btwin.posterior(bandit btwin.bandit, arm text,
    prior_alpha float8 DEFAULT 1, prior_beta float8 DEFAULT 1,
    OUT alpha float8, OUT beta float8, OUT mean float8, OUT variance float8,
    OUT low float8, OUT high float8, OUT evidence_count bigint)
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME', 'bandit_posterior';
COMMENT ON FUNCTION btwin.posterior(btwin.bandit, text, float8, float8) IS
'Beta posterior of the arm''s mean reward: alpha = prior_alpha + sum of rewards, beta = prior_beta + sum of (1 - reward); mean, variance, central 95 % interval [low, high], rows behind it. An unknown arm has the prior. Priors: 0.5 to 1e6. Errors: 22023 when rewards lie outside 0 to 1, 22003 for a prior out of range or a weight beyond 1e300.';

CREATE FUNCTION btwin.contributions(bandit btwin.bandit, arm text,
    prior_alpha float8 DEFAULT 1, prior_beta float8 DEFAULT 1,
    OUT factor text, OUT value float8, OUT weight float8, OUT contribution float8)
    RETURNS SETOF record
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 2 AS 'MODULE_PATHNAME', 'bandit_contributions';
COMMENT ON FUNCTION btwin.contributions(btwin.bandit, text, float8, float8) IS
'What the posterior mean of the arm is made of: rows "prior" and "rewards" with value (NULL without rewards), weight (the two sum to 1) and contribution = value * weight; the contributions sum to posterior(...).mean.';

CREATE FUNCTION btwin.propensities(bandit btwin.bandit,
    policy text DEFAULT 'thompson', arms text[] DEFAULT NULL,
    epsilon float8 DEFAULT 0.1, epsilon_decay float8 DEFAULT NULL, epsilon_floor float8 DEFAULT 0,
    prior_alpha float8 DEFAULT 1, prior_beta float8 DEFAULT 1,
    OUT arm text, OUT propensity float8, OUT pulls bigint)
    RETURNS SETOF record
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1000 ROWS 5 AS 'MODULE_PATHNAME', 'bandit_propensities';
COMMENT ON FUNCTION btwin.propensities(btwin.bandit, text, text[], float8, float8, float8, float8, float8) IS
'Probability of every arm to be chosen by select_arm() with the same arguments, summing to 1; under policy "thompson" the posterior probability that the arm is the best, by quadrature to 1e-9. arms NULL: those of the state. Policies and errors as for select_arm().';

CREATE FUNCTION btwin.select_arm(bandit btwin.bandit,
    policy text DEFAULT 'thompson', arms text[] DEFAULT NULL,
    epsilon float8 DEFAULT 0.1, epsilon_decay float8 DEFAULT NULL, epsilon_floor float8 DEFAULT 0,
    prior_alpha float8 DEFAULT 1, prior_beta float8 DEFAULT 1, seed bigint DEFAULT NULL,
    OUT arm text, OUT propensity float8, OUT pulls bigint)
    LANGUAGE C VOLATILE PARALLEL RESTRICTED COST 1000 AS 'MODULE_PATHNAME', 'bandit_select_arm';
COMMENT ON FUNCTION btwin.select_arm(btwin.bandit, text, text[], float8, float8, float8, float8, float8, bigint) IS
'Chooses an arm and says how probable that choice was. Policies: thompson (Beta posteriors, rewards 0 to 1), thompson_gaussian (Student posteriors, rewards of any scale), ucb (UCB-tuned), ucb1, kl_ucb, epsilon_greedy, greedy, uniform. epsilon_greedy explores with min(epsilon, epsilon_decay * arms / pulls), at least epsilon_floor; without epsilon_decay with epsilon. Arms never pulled come first under the deterministic policies; ties share evenly. arms: names to choose from, also ones the state does not know yet (NULL: those of the state). The same seed gives the same draw on every platform; give different learners different seeds. Errors: 22023 for an unknown policy, no arm, an arm listed twice or rewards outside 0 to 1 where the policy needs them; 22003 for a number out of range; 22004 for a NULL option.';

CREATE FUNCTION btwin.regret(bandit btwin.bandit, optimal_mean float8 DEFAULT NULL) RETURNS float8
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'bandit_regret';
COMMENT ON FUNCTION btwin.regret(btwin.bandit, float8) IS
'Expected reward lost so far: the sum over arms of weight * (best mean - posterior mean), posterior means under a Beta(1, 1) prior; best mean = the largest of them, or optimal_mean (0 to 1) where the truth is known. NULL for a state without arms. Error 22023 when rewards lie outside 0 to 1.';

CREATE FUNCTION btwin.bandit_simulate(means float8[],
    policy text DEFAULT 'thompson', rounds integer[] DEFAULT '{100,1000,10000}',
    epsilon float8 DEFAULT 0.1, epsilon_decay float8 DEFAULT NULL, epsilon_floor float8 DEFAULT 0,
    prior_alpha float8 DEFAULT 1, prior_beta float8 DEFAULT 1, seed bigint DEFAULT NULL,
    OUT round integer, OUT regret float8)
    RETURNS SETOF record
    LANGUAGE C VOLATILE PARALLEL RESTRICTED COST 10000 ROWS 3 AS 'MODULE_PATHNAME', 'bandit_simulate';
COMMENT ON FUNCTION btwin.bandit_simulate(float8[], text, integer[], float8, float8, float8, float8, float8, bigint) IS
'Plays a policy against Bernoulli arms with the given means (1 to 1000 of them, 0 to 1) and returns the pseudo-regret, the sum of (best mean - mean of the arm pulled), at each of the ascending rounds (1 to 100,000,000). Policies and their options are those of select_arm(), and so is the code that runs them. Errors as for select_arm().';
-- evaluation: how good predictions were

-- Log loss, Brier score, regret: sums

CREATE FUNCTION btwin.log_loss_accum(state internal, p float8, y boolean) RETURNS internal
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'log_loss_accum';
CREATE FUNCTION btwin.brier_accum(state internal, p float8, y boolean) RETURNS internal
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'brier_accum';
CREATE FUNCTION btwin.regret_accum(state internal, best float8, chosen float8) RETURNS internal
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'regret_accum';
CREATE FUNCTION btwin.score_sum_combine(state internal, other internal) RETURNS internal
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'score_sum_combine';
CREATE FUNCTION btwin.score_sum_serialize(state internal) RETURNS bytea
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'score_sum_serialize';
CREATE FUNCTION btwin.score_sum_deserialize(bytes bytea, state internal) RETURNS internal
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'score_sum_deserialize';
CREATE FUNCTION btwin.score_sum_mean(state internal) RETURNS float8
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'score_sum_mean';
CREATE FUNCTION btwin.score_sum_total(state internal) RETURNS float8
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'score_sum_total';

CREATE AGGREGATE btwin.log_loss_agg(p float8, y boolean) (
    SFUNC = btwin.log_loss_accum,
    STYPE = internal,
    SSPACE = 64,
    FINALFUNC = btwin.score_sum_mean,
    COMBINEFUNC = btwin.score_sum_combine,
    SERIALFUNC = btwin.score_sum_serialize,
    DESERIALFUNC = btwin.score_sum_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE btwin.log_loss_agg(float8, boolean) IS
'Mean negative log likelihood (natural logarithm) of outcomes y under probabilities p (0 to 1): 0 is perfect, ln 2 = 0.693 a coin. p is cut to 2.2e-16 from 0 and 1, as scikit-learn''s log_loss does, so that one failed certainty costs 36 and not infinity. Rows with a NULL are skipped; without rows NULL. Error 22003 for a p outside 0 to 1.';

CREATE AGGREGATE btwin.brier_agg(p float8, y boolean) (
    SFUNC = btwin.brier_accum,
    STYPE = internal,
    SSPACE = 64,
    FINALFUNC = btwin.score_sum_mean,
    COMBINEFUNC = btwin.score_sum_combine,
    SERIALFUNC = btwin.score_sum_serialize,
    DESERIALFUNC = btwin.score_sum_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE btwin.brier_agg(float8, boolean) IS
'Brier score: mean of (p - y)^2, y counting 1 or 0 (0 is perfect, 0.25 a coin). Rows with a NULL are skipped; without rows NULL. Error 22003 for a p outside 0 to 1.';

CREATE AGGREGATE btwin.regret_agg(best float8, chosen float8) (
    SFUNC = btwin.regret_accum,
    STYPE = internal,
    SSPACE = 64,
    FINALFUNC = btwin.score_sum_total,
    COMBINEFUNC = btwin.score_sum_combine,
    SERIALFUNC = btwin.score_sum_serialize,
    DESERIALFUNC = btwin.score_sum_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE btwin.regret_agg(float8, float8) IS
'Cumulative regret: sum of best - chosen, what the best choice of each round would have brought (its mean reward) less what the chosen one brought (its mean, or the reward seen). Rows with a NULL are skipped; without rows NULL. Error 22003 for NaN, infinity or a sum out of range.';

-- AUC, average precision, lift: rankings

CREATE FUNCTION btwin.ranking_accum(state internal, p float8, y boolean) RETURNS internal
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'ranking_accum';
CREATE FUNCTION btwin.ranking_accum_top(state internal, p float8, y boolean, top float8) RETURNS internal
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'ranking_accum_top';
CREATE FUNCTION btwin.ranking_combine(state internal, other internal) RETURNS internal
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'ranking_combine';
CREATE FUNCTION btwin.ranking_serialize(state internal) RETURNS bytea
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'ranking_serialize';
CREATE FUNCTION btwin.ranking_deserialize(bytes bytea, state internal) RETURNS internal
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'ranking_deserialize';
CREATE FUNCTION btwin.auc_final(state internal) RETURNS float8
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'auc_final';
CREATE FUNCTION btwin.average_precision_final(state internal) RETURNS float8
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'average_precision_final';
CREATE FUNCTION btwin.lift_final(state internal) RETURNS float8
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'lift_final';

CREATE AGGREGATE btwin.auc_agg(p float8, y boolean) (
    SFUNC = btwin.ranking_accum,
    STYPE = internal,
    SSPACE = 65536,
    FINALFUNC = btwin.auc_final,
    COMBINEFUNC = btwin.ranking_combine,
    SERIALFUNC = btwin.ranking_serialize,
    DESERIALFUNC = btwin.ranking_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE btwin.auc_agg(float8, boolean) IS
'Area under the ROC curve, exact: the share of pairs of a positive and a negative row that p puts in the right order, a tie counting half (0.5 = chance). Rows with a NULL are skipped; NULL without rows of both outcomes. Errors: 22003 for a p outside 0 to 1, 54000 beyond 10 million distinct p.';

CREATE AGGREGATE btwin.average_precision_agg(p float8, y boolean) (
    SFUNC = btwin.ranking_accum,
    STYPE = internal,
    SSPACE = 65536,
    FINALFUNC = btwin.average_precision_final,
    COMBINEFUNC = btwin.ranking_combine,
    SERIALFUNC = btwin.ranking_serialize,
    DESERIALFUNC = btwin.ranking_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE btwin.average_precision_agg(float8, boolean) IS
'Average precision: sum over thresholds, from the highest p down, of the gain in recall times the precision there; rows of equal p come together (chance = the rate of positives). Rows with a NULL are skipped; NULL without a positive row. Errors as for auc_agg().';

CREATE AGGREGATE btwin.lift_agg(p float8, y boolean) (
    SFUNC = btwin.ranking_accum,
    STYPE = internal,
    SSPACE = 65536,
    FINALFUNC = btwin.lift_final,
    COMBINEFUNC = btwin.ranking_combine,
    SERIALFUNC = btwin.ranking_serialize,
    DESERIALFUNC = btwin.ranking_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE btwin.lift_agg(float8, boolean) IS
'Lift of the highest tenth: the rate of positives among the 10 % of rows with the highest p over the rate of all (1 = chance). Rows that tie at the border count by the part that still fits. Rows with a NULL are skipped; NULL without a positive row. Errors as for auc_agg().';

CREATE AGGREGATE btwin.lift_agg(p float8, y boolean, top float8) (
    SFUNC = btwin.ranking_accum_top,
    STYPE = internal,
    SSPACE = 65536,
    FINALFUNC = btwin.lift_final,
    COMBINEFUNC = btwin.ranking_combine,
    SERIALFUNC = btwin.ranking_serialize,
    DESERIALFUNC = btwin.ranking_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE btwin.lift_agg(float8, boolean, float8) IS
'Lift of the "top" share of rows (above 0, at most 1; the same in all rows); times "top" it is the recall there. Further as lift_agg(p, y). Errors: 22003 for a top out of range, 22023 when it differs between rows, 22004 when it is NULL.';

-- Calibration

CREATE TYPE btwin.calibration;

CREATE FUNCTION btwin.calibration_in(state cstring) RETURNS btwin.calibration
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'calibration_in';
CREATE FUNCTION btwin.calibration_out(state btwin.calibration) RETURNS cstring
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'calibration_out';
CREATE FUNCTION btwin.calibration_recv(state internal) RETURNS btwin.calibration
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'calibration_recv';
CREATE FUNCTION btwin.calibration_send(state btwin.calibration) RETURNS bytea
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'calibration_send';

CREATE TYPE btwin.calibration (
    INPUT = btwin.calibration_in,
    OUTPUT = btwin.calibration_out,
    RECEIVE = btwin.calibration_recv,
    SEND = btwin.calibration_send,
    INTERNALLENGTH = VARIABLE,
    ALIGNMENT = int4,
    STORAGE = extended
);
COMMENT ON TYPE btwin.calibration IS
'State of calibration_agg(): per bin of probability the rows, the positive ones, the sum of p and of p (1 - p). 1 to 1000 bins of equal width. Text form: one JSON object, exact. Merged by rollup(), read by bins(), ece() and ece_noise().';

CREATE FUNCTION btwin.calibration_to_jsonb(state btwin.calibration) RETURNS jsonb
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'calibration_to_jsonb';
COMMENT ON FUNCTION btwin.calibration_to_jsonb(btwin.calibration) IS
'The state as jsonb: {family, version, bins: [{rows, positives, sum, variance}]}, bins from 0 to 1.';
CREATE CAST (btwin.calibration AS jsonb) WITH FUNCTION btwin.calibration_to_jsonb(btwin.calibration);

CREATE FUNCTION btwin.calibration_accum(state internal, p float8, y boolean) RETURNS internal
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'calibration_accum';
CREATE FUNCTION btwin.calibration_accum_bins(state internal, p float8, y boolean, bins int) RETURNS internal
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'calibration_accum_bins';
CREATE FUNCTION btwin.calibration_rollup_accum(state internal, calibration btwin.calibration) RETURNS internal
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'calibration_rollup_accum';
CREATE FUNCTION btwin.calibration_combine(state internal, other internal) RETURNS internal
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'calibration_combine';
CREATE FUNCTION btwin.calibration_serialize(state internal) RETURNS bytea
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'calibration_serialize';
CREATE FUNCTION btwin.calibration_deserialize(bytes bytea, state internal) RETURNS internal
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'calibration_deserialize';
CREATE FUNCTION btwin.calibration_final(state internal) RETURNS btwin.calibration
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'calibration_final';

CREATE AGGREGATE btwin.calibration_agg(p float8, y boolean) (
    SFUNC = btwin.calibration_accum,
    STYPE = internal,
    SSPACE = 1024,
    FINALFUNC = btwin.calibration_final,
    COMBINEFUNC = btwin.calibration_combine,
    SERIALFUNC = btwin.calibration_serialize,
    DESERIALFUNC = btwin.calibration_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE btwin.calibration_agg(float8, boolean) IS
'Calibration over 10 bins of equal width, [0, 0.1), ..., [0.9, 1]. Rows with a NULL are skipped; only such rows give a state without bins, no rows give NULL. Error 22003 for a p outside 0 to 1.';

CREATE AGGREGATE btwin.calibration_agg(p float8, y boolean, bins int) (
    SFUNC = btwin.calibration_accum_bins,
    STYPE = internal,
    SSPACE = 1024,
    FINALFUNC = btwin.calibration_final,
    COMBINEFUNC = btwin.calibration_combine,
    SERIALFUNC = btwin.calibration_serialize,
    DESERIALFUNC = btwin.calibration_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE btwin.calibration_agg(float8, boolean, int) IS
'Calibration over 1 to 1000 bins of equal width, the last one closed. Errors: 22003 for a p or a number of bins out of range, 22023 when bins differs between rows, 22004 when it is NULL.';

CREATE AGGREGATE btwin.rollup(calibration btwin.calibration) (
    SFUNC = btwin.calibration_rollup_accum,
    STYPE = internal,
    SSPACE = 1024,
    FINALFUNC = btwin.calibration_final,
    COMBINEFUNC = btwin.calibration_combine,
    SERIALFUNC = btwin.calibration_serialize,
    DESERIALFUNC = btwin.calibration_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE btwin.rollup(btwin.calibration) IS
'Merges calibrations: the state that calibration_agg() would have built over all their rows, up to rounding. Error 22023 when their numbers of bins differ.';

CREATE FUNCTION btwin.evidence_count(calibration btwin.calibration) RETURNS bigint
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'calibration_evidence';
COMMENT ON FUNCTION btwin.evidence_count(btwin.calibration) IS
'Rows behind the calibration.';

CREATE FUNCTION btwin.bins(calibration btwin.calibration,
    OUT bin_low float8, OUT bin_high float8, OUT "count" bigint,
    OUT mean_predicted float8, OUT observed_rate float8, OUT standard_error float8)
    RETURNS SETOF record
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 10 AS 'MODULE_PATHNAME', 'calibration_bins';
COMMENT ON FUNCTION btwin.bins(btwin.calibration) IS
'One row per bin: borders, rows, mean probability, rate of positives, and the standard error that the rate has where the probabilities are right (NULL in an empty bin).';

CREATE FUNCTION btwin.ece(calibration btwin.calibration) RETURNS float8
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'calibration_ece';
COMMENT ON FUNCTION btwin.ece(btwin.calibration) IS
'Expected calibration error: mean over rows of their bin''s |mean probability - rate| (0 to 1). NULL without rows. Read it beside ece_noise().';

CREATE FUNCTION btwin.ece_noise(calibration btwin.calibration) RETURNS float8
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'calibration_ece_noise';
COMMENT ON FUNCTION btwin.ece_noise(btwin.calibration) IS
'Noise floor: the ECE that a perfectly calibrated forecaster would show with these rows on average, sum over bins of sqrt(2 / pi * sum p (1 - p)) / rows (normal approximation). NULL without rows.';
-- what another policy would have earned

CREATE FUNCTION btwin.off_policy_accum(state float8[], reward float8, logged_propensity float8, target_propensity float8) RETURNS float8[]
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'off_policy_accum';
CREATE FUNCTION btwin.off_policy_combine(state float8[], other float8[]) RETURNS float8[]
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'off_policy_combine';

CREATE AGGREGATE btwin.off_policy_agg(reward float8, logged_propensity float8, target_propensity float8) (
    SFUNC = btwin.off_policy_accum,
    STYPE = float8[],
    INITCOND = '{0,0,0,0,0,0}',
    COMBINEFUNC = btwin.off_policy_combine,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE btwin.off_policy_agg(float8, float8, float8) IS
'Sums over logged decisions for off_policy_value(): reward received, propensity with which the arm was chosen then (above 0, at most 1), propensity the policy in question gives the same arm (0 to 1). The state is float8[6]: rows, sum w, sum w^2, sum w r, sum w^2 r, sum w^2 r^2 with w = target / logged; states add element by element. Rows with a NULL are skipped. Error 22003 out of range.';

CREATE AGGREGATE btwin.off_policy_rollup(state float8[]) (
    SFUNC = btwin.off_policy_combine,
    STYPE = float8[],
    INITCOND = '{0,0,0,0,0,0}',
    COMBINEFUNC = btwin.off_policy_combine,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE btwin.off_policy_rollup(float8[]) IS
'Merges states of off_policy_agg(). Error 22023 for any other array.';

CREATE FUNCTION btwin.off_policy_value(state float8[],
    OUT value float8, OUT standard_error float8, OUT low float8, OUT high float8,
    OUT inverse_propensity_value float8, OUT effective_sample_size float8, OUT evidence_count bigint)
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'off_policy_value';
COMMENT ON FUNCTION btwin.off_policy_value(float8[]) IS
'Mean reward that the policy in question would have earned: the self-normalised inverse propensity estimate sum(w r) / sum(w) with its delta-method standard error and 95 % interval (NULL below two rows), the plain estimate sum(w r) / rows beside it, and the effective sample size (sum w)^2 / sum w^2: an estimate with few effective rows is worth little, whatever its interval. All NULL when no row could have been chosen. Error 22023 for an array that is no state of off_policy_agg(). Source: Swaminathan and Joachims, NIPS 2015.';
-- epic5 rules of habits: the reference's arithmetic, for comparison
--
-- Every body runs under a pinned search_path, so its operators are the
-- server's own whatever the caller's path is. NULL where the reference would
-- give something that is not a number.

CREATE FUNCTION btwin.epic5_pattern_check_elements(elements float8[], low float8, high float8, argument text) RETURNS boolean
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    element float8;
BEGIN
    IF array_ndims(elements) > 1 THEN
        RAISE EXCEPTION '"%" must be a one-dimensional array', argument
            USING ERRCODE = 'array_subscript_error',
                  DETAIL = format('Found %s dimensions.', array_ndims(elements)),
                  HINT = 'Pass a plain list of values.';
    END IF;
    SELECT e INTO element FROM unnest(elements) e WHERE e < low OR e > high LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'elements of "%" must be between % and %', argument, low, high
            USING ERRCODE = 'numeric_value_out_of_range',
                  DETAIL = format('Found %s.', element),
                  HINT = 'Pass NULL where a value is unknown.';
    END IF;
    RETURN true;
END $$;
COMMENT ON FUNCTION btwin.epic5_pattern_check_elements(float8[], float8, float8, text) IS
'True, or error 22003 when an element lies outside low to high or is NaN, 2202E for more than one dimension; NULLs pass. Used by the epic5 rules.';

CREATE FUNCTION btwin.epic5_pattern_check_lengths(first_argument text, first_length int, other_argument text, other_length int) RETURNS boolean
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF first_length IS DISTINCT FROM other_length THEN
        RAISE EXCEPTION '"%" and "%" must have the same number of elements', other_argument, first_argument
            USING ERRCODE = 'invalid_parameter_value',
                  DETAIL = format('"%s" has %s, "%s" has %s.', other_argument, coalesce(other_length::text, 'none'), first_argument, coalesce(first_length::text, 'none')),
                  HINT = 'Pass one element of each per observation.';
    END IF;
    RETURN true;
END $$;
COMMENT ON FUNCTION btwin.epic5_pattern_check_lengths(text, int, text, int) IS
'True, or error 22023 when two arrays that run in parallel differ in length. Used by the epic5 rules.';

CREATE FUNCTION btwin.epic5_round(value float8, decimals int DEFAULT 0) RETURNS float8
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    scale CONSTANT float8 := 10.0 ^ decimals;
    scaled CONSTANT float8 := value * scale;
BEGIN
    RETURN (floor(scaled) + CASE WHEN scaled - floor(scaled) >= 0.5 THEN 1 ELSE 0 END) / scale;
END $$;
COMMENT ON FUNCTION btwin.epic5_round(float8, int) IS
'Round half up (toward plus infinity) to so many decimals, as the reference''s runtime does: 2.5 gives 3, -2.5 gives -2. Epic 5 domain model, 0.';

-- 1.7 primitives

CREATE FUNCTION btwin.epic5_retention_score(stability_after float8[]) RETURNS float8
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM btwin.epic5_pattern_check_elements(stability_after, 0, 1e9, 'stability_after');
    RETURN coalesce((SELECT avg(least(1.0, s / 10.0)) FROM unnest(stability_after) s), 0);
END $$;
COMMENT ON FUNCTION btwin.epic5_retention_score(float8[]) IS
'Mean over reviews of min(1, stability after the answer in days / 10), 0 to 1; 0 without reviews. Error 22003 for a negative stability. Epic 5 domain model, 1.7.';

CREATE FUNCTION btwin.epic5_weakness_score(retention float8, total_study_ms float8, complexity text,
    failed_reviews bigint, reviews bigint, confidence_rating float8 DEFAULT NULL) RETURNS float8
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    minutes float8 := CASE complexity WHEN 'BASIC' THEN 20 WHEN 'INTERMEDIATE' THEN 40 WHEN 'ADVANCED' THEN 60 END;
BEGIN
    PERFORM btwin.check_range(retention, 0, 1, 'retention'),
            btwin.check_range(total_study_ms, 0, 1e15, 'total_study_ms'),
            btwin.check_range(confidence_rating, 0, 5, 'confidence_rating'),
            btwin.check_range(reviews::float8, 0, 1e15, 'reviews'),
            btwin.check_range(failed_reviews::float8, 0, reviews::float8, 'failed_reviews');
    IF minutes IS NULL AND complexity IS NOT NULL THEN
        RAISE EXCEPTION 'unknown complexity "%"', complexity
            USING ERRCODE = 'invalid_parameter_value',
                  DETAIL = 'Argument "complexity" takes one of a fixed list of names.',
                  HINT = 'Use one of "BASIC", "INTERMEDIATE", "ADVANCED".';
    END IF;
    RETURN least(1.0, greatest(0.0,
        0.4 * (1 - retention)
        + 0.3 * least(1.0, total_study_ms / (minutes * 60000))
        + 0.2 * CASE WHEN reviews > 0 THEN failed_reviews / reviews::float8 ELSE 0 END
        + 0.1 * coalesce(1 - confidence_rating / 5, 0.5)))
        -- least() and greatest() pass over NULL, an unknown part is not a score
        + 0 * (retention + total_study_ms + minutes + failed_reviews + reviews);
END $$;
COMMENT ON FUNCTION btwin.epic5_weakness_score(float8, float8, text, bigint, bigint, float8) IS
'clamp(0.4 (1 - retention) + 0.3 min(1, study time / T) + 0.2 failed (AGAIN or HARD) / reviews + 0.1 c, 0, 1); T = 20, 40, 60 minutes for BASIC, INTERMEDIATE, ADVANCED; c = 0.5, or 1 - confidence_rating / 5; the failure term is 0 without reviews. NULL when an argument but the rating is NULL. Errors: 22003 for a number out of range, 22023 for an unknown complexity. Epic 5 domain model, 1.7.';

CREATE FUNCTION btwin.epic5_weakness_after_session(weakness float8, self_assessment float8) RETURNS float8
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM btwin.check_range(weakness, 0, 1, 'weakness'),
            btwin.check_range(self_assessment, 0, 5, 'self_assessment');
    RETURN least(1.0, greatest(0.0, weakness +
        CASE WHEN self_assessment >= 4 THEN -0.1 WHEN self_assessment <= 2 THEN 0.1 ELSE 0 END));
END $$;
COMMENT ON FUNCTION btwin.epic5_weakness_after_session(float8, float8) IS
'Weakness score (0 to 1) after a session: 0.1 less from a self-assessment of 4 on, 0.1 more up to 2, clamped. Error 22003 for a number out of range. Epic 5 domain model, 1.7.';

CREATE FUNCTION btwin.epic5_mastery_level(retention float8, reviews bigint) RETURNS text
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM btwin.check_range(retention, 0, 1, 'retention'),
            btwin.check_range(reviews::float8, 0, 1e15, 'reviews');
    RETURN CASE
        WHEN reviews = 0 THEN 'NOT_STARTED'
        WHEN retention >= 0.9 AND reviews >= 10 THEN 'MASTERED'
        WHEN retention >= 0.7 AND retention < 0.9 AND reviews >= 5 THEN 'ADVANCED'
        WHEN retention >= 0.5 AND retention < 0.7 AND reviews >= 3 THEN 'INTERMEDIATE'
        ELSE 'BEGINNER' END;
END $$;
COMMENT ON FUNCTION btwin.epic5_mastery_level(float8, bigint) IS
'NOT_STARTED without reviews; MASTERED from retention 0.9 with 10 reviews; ADVANCED within [0.7, 0.9) with 5; INTERMEDIATE within [0.5, 0.7) with 3; else BEGINNER (also from 0.9 with fewer than 10 reviews). Error 22003 for a number out of range. Epic 5 domain model, 1.7.';

CREATE FUNCTION btwin.epic5_success_score(completed boolean, completed_objectives bigint, total_objectives bigint,
    session_good_shares float8[], actual_minutes float8, estimated_minutes float8,
    helpfulness float8[], streak_days bigint) RETURNS float8
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM btwin.check_range(total_objectives::float8, 0, 1e15, 'total_objectives'),
            btwin.check_range(completed_objectives::float8, 0, total_objectives::float8, 'completed_objectives'),
            btwin.epic5_pattern_check_elements(session_good_shares, 0, 1, 'session_good_shares'),
            btwin.check_range(actual_minutes, 0, 1e9, 'actual_minutes'),
            btwin.check_range(estimated_minutes, 0, 1e9, 'estimated_minutes'),
            btwin.epic5_pattern_check_elements(helpfulness, 0, 5, 'helpfulness'),
            btwin.check_range(streak_days::float8, 0, 1e9, 'streak_days');
    IF completed IS NOT TRUE THEN
        RETURN CASE WHEN completed THEN NULL WHEN NOT completed THEN 0.0 END;
    END IF;
    RETURN least(1.0, greatest(0.0,
        0.3 * coalesce(completed_objectives / nullif(total_objectives, 0)::float8, 0)
        + 0.25 * coalesce((SELECT avg(coalesce(s, 0)) FROM unnest(session_good_shares) s), 0)
        -- an inner NULL would be passed over by greatest()
        + 0.2 * CASE WHEN estimated_minutes > 0 AND actual_minutes IS NOT NULL
                THEN greatest(0.0, 1 - abs(actual_minutes - estimated_minutes) / estimated_minutes) ELSE 1 END
        + 0.15 * coalesce((SELECT avg(h) FROM unnest(helpfulness) h) / 5, 0.5)
        + 0.1 * least(0.2, 0.02 * coalesce(streak_days, 0))));
END $$;
COMMENT ON FUNCTION btwin.epic5_success_score(boolean, bigint, bigint, float8[], float8, float8, float8[], bigint) IS
'Success of a mission, 0 to 0.92; 0 when not completed, NULL when that is unknown: 0.3 completed / total objectives + 0.25 mean good share over sessions (NULL = a session without reviews, counted 0; no session: 0) + 0.2 max(0, 1 - |actual - estimated| / estimated) (1 where a time is unknown or the estimate 0) + 0.15 mean helpfulness / 5 (0.5 without ratings) + 0.1 min(0.2, 0.02 streak). Error 22003 for a number out of range. Epic 5 domain model, 1.7.';

CREATE FUNCTION btwin.epic5_success_band(success_score float8) RETURNS int
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM btwin.check_range(success_score, 0, 1, 'success_score');
    RETURN CASE WHEN success_score >= 0.9 THEN 4 WHEN success_score >= 0.75 THEN 3
                WHEN success_score >= 0.6 THEN 2 WHEN success_score >= 0.4 THEN 1 ELSE 0 END;
END $$;
COMMENT ON FUNCTION btwin.epic5_success_band(float8) IS
'Rating band of a mission''s success score: 4 from 0.9, 3 from 0.75, 2 from 0.6, 1 from 0.4, else 0. Error 22003 outside 0 to 1. Epic 5 domain model, 1.7.';

-- 2.1 pattern engine

CREATE FUNCTION btwin.epic5_sufficiency(first_session_at timestamptz, completed_sessions bigint, reviews bigint, as_of timestamptz,
    OUT sufficient boolean, OUT weeks int, OUT weeks_needed int, OUT sessions_needed int, OUT reviews_needed int)
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM btwin.check_range(completed_sessions::float8, 0, 1e15, 'completed_sessions'),
            btwin.check_range(reviews::float8, 0, 1e15, 'reviews');
    weeks := greatest(coalesce(floor(extract(epoch FROM as_of - first_session_at) / (7 * 86400)), 0), 0);
    weeks_needed := greatest(0, 6 - weeks);
    sessions_needed := greatest(0, 20 - coalesce(completed_sessions, 0));
    reviews_needed := greatest(0, 50 - coalesce(reviews, 0));
    sufficient := weeks_needed = 0 AND sessions_needed = 0 AND reviews_needed = 0;
END $$;
COMMENT ON FUNCTION btwin.epic5_sufficiency(timestamptz, bigint, bigint, timestamptz) IS
'Is there enough history to look for patterns: 6 whole weeks since the first session started, 20 completed sessions, 50 reviews (NULL counts as none), and how many of each are missing. Error 22003 for a negative count. Epic 5 domain model, 2.1.';

CREATE FUNCTION btwin.epic5_incremental_due(sessions_since_analysis bigint) RETURNS boolean
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN sessions_since_analysis >= 10;
COMMENT ON FUNCTION btwin.epic5_incremental_due(bigint) IS
'An incremental run needs 10 sessions started since the last analysis. Epic 5 domain model, 2.1.';

CREATE FUNCTION btwin.epic5_count_confidence(evidence_count bigint) RETURNS float8
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM btwin.check_range(evidence_count::float8, 0, 1e15, 'evidence_count');
    RETURN least(1.0, evidence_count / 50.0::float8);
END $$;
COMMENT ON FUNCTION btwin.epic5_count_confidence(bigint) IS
'min(1, n / 50): the reference''s confidence in study hours (n sessions in the hour), session lengths (n valid sessions) and forgetting curves (n reviews). It says how much was seen, not whether the habit exists. Error 22003 for a negative count. Epic 5 domain model, 2.1.';

CREATE FUNCTION btwin.epic5_content_confidence(share float8) RETURNS float8
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM btwin.check_range(share, 0, 1, 'share');
    RETURN CASE WHEN share > 0.3 THEN least(1.0, 1.5 * share) END;
END $$;
COMMENT ON FUNCTION btwin.epic5_content_confidence(float8) IS
'Confidence of a content preference from the largest share: min(1, 1.5 share) above 0.3, NULL (no pattern) up to it. Error 22003 outside 0 to 1. Epic 5 domain model, 2.1.';

CREATE FUNCTION btwin.epic5_pattern_saved(confidence float8) RETURNS boolean
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN confidence >= 0.6;
COMMENT ON FUNCTION btwin.epic5_pattern_saved(float8) IS
'Is a candidate pattern stored: confidence of at least 0.6. Epic 5 domain model, 2.1.';

CREATE FUNCTION btwin.epic5_pattern_gives_insight(confidence float8) RETURNS boolean
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN confidence >= 0.7;
COMMENT ON FUNCTION btwin.epic5_pattern_gives_insight(float8) IS
'Does a stored pattern give rise to an insight: confidence of at least 0.7. Epic 5 domain model, 2.1.';

CREATE FUNCTION btwin.epic5_confidence_evolution(confidence float8, misses int, seen boolean,
    OUT new_confidence float8, OUT new_misses int, OUT deleted boolean)
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM btwin.check_range(confidence, 0, 1, 'confidence'),
            btwin.check_range(misses::float8, 0, 1e9, 'misses');
    IF seen THEN
        new_confidence := least(0.95, confidence + 0.05);
        new_misses := misses;
        deleted := false;
        RETURN;
    END IF;
    new_misses := misses + 1;
    new_confidence := greatest(0.0, confidence - 0.1);
    deleted := new_misses >= 3 OR new_confidence < 0.4;
END $$;
COMMENT ON FUNCTION btwin.epic5_confidence_evolution(float8, int, boolean) IS
'A stored pattern after one more run. Seen again: confidence + 0.05, at most 0.95; the count of misses stays. Not seen: one miss more and confidence - 0.1, at least 0; deleted at the third miss or below 0.4. Error 22003 for a number out of range. Epic 5 domain model, 2.1.';

CREATE FUNCTION btwin.epic5_data_quality(duration_confidence float8, curve_confidence float8, best_hour_confidence float8) RETURNS float8
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM btwin.check_range(duration_confidence, 0, 1, 'duration_confidence'),
            btwin.check_range(curve_confidence, 0, 1, 'curve_confidence'),
            btwin.check_range(best_hour_confidence, 0, 1, 'best_hour_confidence');
    RETURN least(1.0, (coalesce(duration_confidence, 0) + coalesce(curve_confidence, 0) + coalesce(best_hour_confidence, 0)) / 3);
END $$;
COMMENT ON FUNCTION btwin.epic5_data_quality(float8, float8, float8) IS
'min(1, mean of the three confidences), NULL counted as 0. Error 22003 outside 0 to 1. Epic 5 domain model, 2.1.';

-- 2.2 optimal study time

CREATE FUNCTION btwin.epic5_session_performance(self_assessments float8[]) RETURNS float8
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM btwin.epic5_pattern_check_elements(self_assessments, 0, 5, 'self_assessments');
    RETURN coalesce((SELECT avg(coalesce(nullif(s, 0), 3)) FROM unnest(self_assessments) s), 3) / 5 * 100;
END $$;
COMMENT ON FUNCTION btwin.epic5_session_performance(float8[]) IS
'Performance of a session, 0 to 100: mean self-assessment (1 to 5) of its objectives / 5 * 100; a missing one or 0 counts 3, as does a session without objectives. Error 22003 outside 0 to 5. Epic 5 domain model, 2.2 and 2.3.';

CREATE FUNCTION btwin.epic5_session_completion(completed boolean[]) RETURNS float8
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN coalesce((SELECT avg(CASE WHEN c THEN 1.0::float8 ELSE 0.0::float8 END) FROM unnest(completed) c), 0);
COMMENT ON FUNCTION btwin.epic5_session_completion(boolean[]) IS
'Share (0 to 1) of a session''s objectives that were completed, NULL counted as not; 0 without objectives. Epic 5 domain model, 2.2.';

CREATE FUNCTION btwin.epic5_session_engagement(reviews_completed bigint, duration_ms float8) RETURNS float8
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM btwin.check_range(reviews_completed::float8, 0, 1e15, 'reviews_completed'),
            btwin.check_range(duration_ms, 0, 1e15, 'duration_ms');
    RETURN CASE WHEN duration_ms > 0
        THEN least(100.0, 100 * coalesce(reviews_completed, 0) / (30 * (duration_ms / 3600000))) ELSE 0 END;
END $$;
COMMENT ON FUNCTION btwin.epic5_session_engagement(bigint, float8) IS
'Engagement of a session, 0 to 100: 100 reviews / (30 * hours), at most 100; 0 when the duration is NULL or 0. Error 22003 for a negative number. Epic 5 domain model, 2.2.';

CREATE FUNCTION btwin.epic5_time_of_day_score(performance float8, retention float8, completion float8, engagement float8) RETURNS float8
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM btwin.check_range(performance, 0, 100, 'performance'),
            btwin.check_range(retention, 0, 1, 'retention'),
            btwin.check_range(completion, 0, 1, 'completion'),
            btwin.check_range(engagement, 0, 100, 'engagement');
    RETURN least(100.0, greatest(0.0, 0.4 * performance + 0.3 * 100 * retention + 0.2 * 100 * completion + 0.1 * engagement));
END $$;
COMMENT ON FUNCTION btwin.epic5_time_of_day_score(float8, float8, float8, float8) IS
'clamp(0.4 performance + 0.3 * 100 retention + 0.2 * 100 completion + 0.1 engagement, 0, 100); performance and engagement 0 to 100, the others 0 to 1. Error 22003 for a number out of range. Epic 5 domain model, 2.2.';

CREATE FUNCTION btwin.epic5_optimal_study_time(started_at timestamptz[], performance float8[], retention float8[],
    completion float8[], engagement float8[], time_zone text DEFAULT 'UTC',
    as_of timestamptz DEFAULT NULL, min_weeks float8 DEFAULT 6,
    OUT hour_of_day int, OUT session_count int, OUT avg_performance_score float8, OUT avg_retention float8,
    OUT completion_rate float8, OUT avg_engagement float8, OUT time_of_day_score float8, OUT confidence float8)
    RETURNS SETOF record
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE ROWS 3 SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    since timestamptz := as_of - make_interval(hours => (least(104, greatest(1, floor(min_weeks))) * 168)::int);
BEGIN
    PERFORM btwin.check_range(min_weeks, -1e9, 1e9, 'min_weeks'),
            btwin.epic5_pattern_check_elements(performance, 0, 100, 'performance'),
            btwin.epic5_pattern_check_elements(retention, 0, 1, 'retention'),
            btwin.epic5_pattern_check_elements(completion, 0, 1, 'completion'),
            btwin.epic5_pattern_check_elements(engagement, 0, 100, 'engagement'),
            btwin.epic5_pattern_check_lengths('started_at', cardinality(started_at), 'performance', cardinality(performance)),
            btwin.epic5_pattern_check_lengths('started_at', cardinality(started_at), 'retention', cardinality(retention)),
            btwin.epic5_pattern_check_lengths('started_at', cardinality(started_at), 'completion', cardinality(completion)),
            btwin.epic5_pattern_check_lengths('started_at', cardinality(started_at), 'engagement', cardinality(engagement));
    RETURN QUERY
    WITH by_hour AS (
        SELECT extract(hour FROM s.at AT TIME ZONE time_zone)::int AS h, count(*)::int AS n,
               avg(s.p) AS p, avg(s.r) AS r, avg(s.c) AS c, avg(s.e) AS e, min(s.at) AS first_seen
        FROM unnest(started_at, performance, retention, completion, engagement) AS s(at, p, r, c, e)
        WHERE (as_of IS NULL OR (s.at >= since AND s.at <= as_of))
          AND s.at IS NOT NULL AND s.p IS NOT NULL AND s.r IS NOT NULL AND s.c IS NOT NULL AND s.e IS NOT NULL
        GROUP BY 1),
    needed AS (
        SELECT CASE WHEN max(n) >= 5 THEN 5 WHEN max(n) >= 3 THEN 3 ELSE 1 END AS n FROM by_hour)
    SELECT b.h, b.n, b.p, b.r, b.c, b.e, score.value, btwin.epic5_count_confidence(b.n)
    FROM by_hour b, needed, LATERAL (SELECT btwin.epic5_time_of_day_score(b.p, b.r, b.c, b.e) AS value) score
    WHERE b.n >= needed.n
    ORDER BY score.value DESC, b.first_seen
    LIMIT 3;
END $$;
COMMENT ON FUNCTION btwin.epic5_optimal_study_time(timestamptz[], float8[], float8[], float8[], float8[], text, timestamptz, float8) IS
'The up to three best hours of the day from one element per completed session: start, performance 0 to 100 (epic5_session_performance), retention 0 to 1 (epic5_retention_score), completion 0 to 1 (epic5_session_completion), engagement 0 to 100 (epic5_session_engagement). Means per hour of "time_zone"; only hours with 5 sessions, if there is none with 3, if there is none any; ordered by time_of_day_score, ties by the earliest session; confidence min(1, n / 50) of the hour. With as_of only sessions of the min_weeks (floored, 1 to 104) weeks up to it. Sessions with a NULL are left out. Errors: 22023 for arrays of different length or an unknown time zone, 22003 for a number out of range. Epic 5 domain model, 2.2.';

-- 2.3 performance peaks

CREATE FUNCTION btwin.epic5_performance_peaks(started_at timestamptz[], score float8[], time_zone text DEFAULT 'UTC',
    OUT day_of_week int, OUT start_hour int, OUT end_hour int, OUT avg_score float8, OUT session_count int, OUT consistency float8)
    RETURNS SETOF record
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE ROWS 5 SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    needed int;
BEGIN
    PERFORM btwin.epic5_pattern_check_elements(score, 0, 100, 'score'),
            btwin.epic5_pattern_check_lengths('started_at', cardinality(started_at), 'score', cardinality(score));
    FOREACH needed IN ARRAY ARRAY[3, 1] LOOP
        RETURN QUERY
        WITH session AS (
            SELECT extract(dow FROM s.at AT TIME ZONE time_zone)::int AS dow,
                   extract(hour FROM s.at AT TIME ZONE time_zone)::int AS hour, s.y
            FROM unnest(started_at, score) AS s(at, y) WHERE s.at IS NOT NULL AND s.y IS NOT NULL),
        cell AS (
            SELECT s.dow, s.hour, s.hour - row_number() OVER (PARTITION BY s.dow ORDER BY s.hour) AS run
            FROM session s GROUP BY s.dow, s.hour
            HAVING count(*) >= needed AND avg(s.y) >= 80)
        SELECT c.dow, min(c.hour), max(c.hour), avg(s.y), count(*)::int, greatest(0.0, 1 - stddev_pop(s.y) / 100)
        FROM cell c JOIN session s ON s.dow = c.dow AND s.hour = c.hour
        GROUP BY c.dow, c.run
        HAVING max(c.hour) > min(c.hour)
        ORDER BY 4 DESC, 1, 2;
        IF FOUND THEN
            RETURN;
        END IF;
    END LOOP;
END $$;
COMMENT ON FUNCTION btwin.epic5_performance_peaks(timestamptz[], float8[], text) IS
'Runs of at least two adjacent hours of one weekday (0 = Sunday) of "time_zone", not past midnight, in which every hour has 3 sessions and a mean score (0 to 100, epic5_session_performance) of at least 80; if there is no such run, with 1 session. One element per completed session (of the last 8 weeks). end_hour is the last hour of the run; avg_score and session_count over all its sessions; consistency = max(0, 1 - population SD / 100). Best first, ties by weekday and hour. Sessions with a NULL are left out. Errors: 22023 for arrays of different length or an unknown time zone, 22003 for a score out of range. Epic 5 domain model, 2.3.';

-- 2.4 attention cycle

CREATE FUNCTION btwin.epic5_session_attention(review_minutes float8[], good boolean[], session_minutes float8,
    OUT fatigue_minutes float8, OUT flow_minutes float8)
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM btwin.check_range(session_minutes, 0, 1e9, 'session_minutes'),
            btwin.epic5_pattern_check_elements(review_minutes, 0, 1e9, 'review_minutes'),
            btwin.epic5_pattern_check_lengths('review_minutes', cardinality(review_minutes), 'good', cardinality(good));
    WITH bucket AS (
        SELECT floor(r.m / 10) AS i, avg(CASE WHEN r.g THEN 1.0::float8 ELSE 0.0::float8 END) AS accuracy
        FROM unnest(review_minutes, good) AS r(m, g) WHERE r.m IS NOT NULL AND r.g IS NOT NULL GROUP BY 1),
    run AS (
        SELECT b.i, b.accuracy, row_number() OVER (ORDER BY b.i)
               - row_number() OVER (PARTITION BY b.accuracy >= 0.85 ORDER BY b.i) AS run
        FROM bucket b)
    SELECT coalesce((SELECT min(b.i) * 10 FROM bucket b
                     WHERE b.accuracy < 0.8 * (SELECT c.accuracy FROM bucket c WHERE c.i = 0)), session_minutes),
           coalesce((SELECT max(f.n) FROM (SELECT count(*) * 10.0::float8 AS n FROM run r WHERE r.accuracy >= 0.85 GROUP BY r.run) f
                     WHERE f.n >= 20), 0)
    INTO fatigue_minutes, flow_minutes;
END $$;
COMMENT ON FUNCTION btwin.epic5_session_attention(float8[], boolean[], float8) IS
'One session: reviews as minutes from its start and whether they were good, in 10-minute buckets. fatigue_minutes = start of the first bucket whose share of good reviews is below 0.8 of the first bucket''s, else the session''s length (also when the first bucket has no reviews); flow_minutes = longest run of buckets with a share of at least 0.85, empty buckets skipped, 10 minutes each, 0 below 20. Reviews with a NULL are left out. Errors: 22003 for a negative number, 22023 for arrays of different length. Epic 5 domain model, 2.4.';

CREATE FUNCTION btwin.epic5_attention_cycle(session_minutes float8[], fatigue_minutes float8[], flow_minutes float8[],
    OUT avg_session_duration float8, OUT time_to_fatigue float8, OUT optimal_break_interval float8,
    OUT avg_flow_duration float8, OUT flow_frequency float8, OUT session_count int)
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM btwin.epic5_pattern_check_elements(session_minutes, 0, 1e9, 'session_minutes'),
            btwin.epic5_pattern_check_elements(fatigue_minutes, 0, 1e9, 'fatigue_minutes'),
            btwin.epic5_pattern_check_elements(flow_minutes, 0, 1e9, 'flow_minutes'),
            btwin.epic5_pattern_check_lengths('session_minutes', cardinality(session_minutes), 'fatigue_minutes', cardinality(fatigue_minutes)),
            btwin.epic5_pattern_check_lengths('session_minutes', cardinality(session_minutes), 'flow_minutes', cardinality(flow_minutes));
    SELECT avg(s.m), avg(s.f), 0.9 * avg(s.f), coalesce(avg(s.w) FILTER (WHERE s.w >= 20), 0),
           count(*) FILTER (WHERE s.w >= 20) / nullif(count(*), 0)::float8, count(*)::int
    INTO avg_session_duration, time_to_fatigue, optimal_break_interval, avg_flow_duration, flow_frequency, session_count
    FROM unnest(session_minutes, fatigue_minutes, flow_minutes) AS s(m, f, w)
    WHERE s.m >= 60 AND s.f IS NOT NULL AND s.w IS NOT NULL;
    IF session_count = 0 THEN
        avg_flow_duration := NULL;
    END IF;
END $$;
COMMENT ON FUNCTION btwin.epic5_attention_cycle(float8[], float8[], float8[]) IS
'Over the sessions of at least 60 minutes (of the last 8 weeks), with fatigue_minutes and flow_minutes from epic5_session_attention(): mean length, mean time to fatigue, break interval = 0.9 of it, mean flow over the sessions that have one (0 if none), share of sessions with flow; NULLs with session_count 0 without such a session. Errors: 22003 for a negative number, 22023 for arrays of different length. Epic 5 domain model, 2.4.';

-- 2.5 session duration

CREATE FUNCTION btwin.epic5_session_fatigue(review_minutes float8[], good boolean[], session_minutes float8) RETURNS float8
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    early float8;
    late float8;
BEGIN
    PERFORM btwin.check_range(session_minutes, 0, 1e9, 'session_minutes'),
            btwin.epic5_pattern_check_elements(review_minutes, -1e9, 1e9, 'review_minutes'),
            btwin.epic5_pattern_check_lengths('review_minutes', cardinality(review_minutes), 'good', cardinality(good));
    SELECT avg(v.y) FILTER (WHERE v.early), avg(v.y) FILTER (WHERE NOT v.early) INTO early, late
    FROM (SELECT r.m < session_minutes / 2 AS early, CASE WHEN r.g THEN 1.0::float8 ELSE 0.0::float8 END AS y
          FROM unnest(review_minutes, good) AS r(m, g) WHERE r.m IS NOT NULL AND r.g IS NOT NULL) v
    HAVING count(*) FILTER (WHERE v.early) >= 3 AND count(*) FILTER (WHERE NOT v.early) >= 3;
    IF early IS NULL OR late IS NULL THEN
        RETURN NULL;
    END IF;
    RETURN greatest(0.0, early - late);
END $$;
COMMENT ON FUNCTION btwin.epic5_session_fatigue(float8[], boolean[], float8) IS
'Fatigue of one session, 0 to 1: share of good reviews before its middle less the share from there on, at least 0; NULL with fewer than 3 reviews (given as minutes from the start) in either half. Reviews with a NULL are left out. Errors: 22003 for a number out of range, 22023 for arrays of different length. Epic 5 domain model, 2.5.';

CREATE FUNCTION btwin.epic5_duration_buckets(duration_ms float8[], good_share float8[], completed bigint[], completions bigint[], fatigue float8[],
    OUT min_minutes int, OUT max_minutes int, OUT session_count int, OUT avg_performance float8,
    OUT completion_rate float8, OUT avg_fatigue float8, OUT score float8)
    RETURNS SETOF record
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE ROWS 6 SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM btwin.epic5_pattern_check_elements(duration_ms, 0, 1e15, 'duration_ms'),
            btwin.epic5_pattern_check_elements(good_share, 0, 1, 'good_share'),
            btwin.epic5_pattern_check_elements(completed::float8[], 0, 1e15, 'completed'),
            btwin.epic5_pattern_check_elements(completions::float8[], 0, 1e15, 'completions'),
            btwin.epic5_pattern_check_elements(fatigue, 0, 1, 'fatigue'),
            btwin.epic5_pattern_check_lengths('duration_ms', cardinality(duration_ms), 'good_share', cardinality(good_share)),
            btwin.epic5_pattern_check_lengths('duration_ms', cardinality(duration_ms), 'completed', cardinality(completed)),
            btwin.epic5_pattern_check_lengths('duration_ms', cardinality(duration_ms), 'completions', cardinality(completions)),
            btwin.epic5_pattern_check_lengths('duration_ms', cardinality(duration_ms), 'fatigue', cardinality(fatigue));
    RETURN QUERY
    SELECT b.low, b.high, m.n, m.p, m.c, m.f,
           least(100.0, greatest(0.0, 0.5 * m.p + 0.3 * 100 * m.c + 0.2 * 100 * (1 - m.f)))
    FROM (SELECT x.low, x.high, count(*)::int AS n,
                 coalesce(avg(s.g) * 100, 0) AS p,
                 coalesce(sum(s.done) / nullif(sum(s.total), 0)::float8, 0)::float8 AS c,
                 coalesce(avg(s.f), 0) AS f
          FROM unnest(duration_ms, good_share, completed, completions, fatigue) AS s(d, g, done, total, f)
          JOIN (VALUES (0, 30, 30.0::float8), (30, 40, 40), (40, 50, 50), (50, 60, 60), (60, 90, 90), (90, 120, 'Infinity')) AS x(low, high, below)
            ON s.d >= x.low * 60000.0 AND s.d < x.below * 60000
          WHERE s.d > 0
          GROUP BY x.low, x.high
          HAVING count(*) >= 3) AS m(low, high, n, p, c, f),
         LATERAL (SELECT m.low, m.high) AS b(low, high)
    ORDER BY b.low;
END $$;
COMMENT ON FUNCTION btwin.epic5_duration_buckets(float8[], float8[], bigint[], bigint[], float8[]) IS
'Session lengths in minutes [0,30) [30,40) [40,50) [50,60) [60,90) [90, no end; given as 120) with at least 3 sessions. One element per completed session: duration in ms (others than above 0 are left out), share of good reviews (NULL without reviews), objectives completed or assessed 4 and more, objectives in all, fatigue (epic5_session_fatigue, or NULL). avg_performance = mean good share * 100 (0 if none); completion_rate = completed / all (0 if none); score = clamp(0.5 performance + 30 completion + 20 (1 - fatigue), 0, 100). Errors: 22023 for arrays of different length, 22003 for a number out of range. Epic 5 domain model, 2.5.';

CREATE FUNCTION btwin.epic5_session_duration(duration_ms float8[], good_share float8[], completed bigint[], completions bigint[], fatigue float8[],
    OUT min_minutes int, OUT max_minutes int, OUT session_count int, OUT score float8,
    OUT recommended_minutes int, OUT confidence float8, OUT valid_sessions int,
    OUT reason_tier text, OUT current_minutes int, OUT average_minutes int)
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    mean_minutes float8;
    weighted float8;
BEGIN
    SELECT count(*)::int, avg(d) / 60000 INTO valid_sessions, mean_minutes FROM unnest(duration_ms) d WHERE d > 0;
    SELECT b.min_minutes, b.max_minutes, b.session_count, b.score INTO min_minutes, max_minutes, session_count, score
    FROM btwin.epic5_duration_buckets(duration_ms, good_share, completed, completions, fatigue) b
    ORDER BY b.score DESC, b.session_count DESC, b.min_minutes LIMIT 1;
    SELECT sum((b.min_minutes + b.max_minutes) / 2.0::float8 * b.session_count) INTO weighted
    FROM btwin.epic5_duration_buckets(duration_ms, good_share, completed, completions, fatigue) b;
    IF min_minutes IS NULL THEN
        min_minutes := 40;
        max_minutes := 50;
        session_count := 0;
        score := 0;
        recommended_minutes := 45;
        confidence := 0;
        average_minutes := 45;
    ELSE
        recommended_minutes := btwin.epic5_round(least(90.0, greatest(30.0, (min_minutes + max_minutes) / 2.0)));
        confidence := btwin.epic5_count_confidence(valid_sessions);
        average_minutes := btwin.epic5_round(weighted / valid_sessions);
    END IF;
    reason_tier := CASE WHEN confidence >= 0.7 THEN 'personal' WHEN confidence >= 0.4 THEN 'tentative' ELSE 'generic' END;
    current_minutes := coalesce(btwin.epic5_round(mean_minutes), 45);
END $$;
COMMENT ON FUNCTION btwin.epic5_session_duration(float8[], float8[], bigint[], bigint[], float8[]) IS
'The best length of a session from the buckets of epic5_duration_buckets(), arguments as there: highest score, ties by more sessions; recommended_minutes = its middle, 90 for the last, within 30 to 90; confidence min(1, n / 50) over all valid sessions; without a bucket 40 to 50, 45 minutes, confidence 0. reason_tier: personal from 0.7, tentative from 0.4, else generic. current_minutes = mean length, average_minutes = sum over buckets of middle * sessions / valid sessions (last middle 105), both rounded, 45 if none. Epic 5 domain model, 2.5 and 2.1.';

CREATE FUNCTION btwin.epic5_duration_for_complexity(recommended_minutes float8, confidence float8, complexity text) RETURNS float8
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM btwin.check_range(recommended_minutes, 0, 1e9, 'recommended_minutes'),
            btwin.check_range(confidence, 0, 1, 'confidence');
    IF complexity NOT IN ('BASIC', 'INTERMEDIATE', 'ADVANCED') THEN
        RAISE EXCEPTION 'unknown complexity "%"', complexity
            USING ERRCODE = 'invalid_parameter_value',
                  DETAIL = 'Argument "complexity" takes one of a fixed list of names.',
                  HINT = 'Use one of "BASIC", "INTERMEDIATE", "ADVANCED".';
    END IF;
    IF confidence < 0.4 THEN
        RETURN NULL;
    END IF;
    RETURN CASE complexity WHEN 'BASIC' THEN greatest(30.0, recommended_minutes - 10)
                           WHEN 'ADVANCED' THEN least(90.0, recommended_minutes + 15)
                           ELSE recommended_minutes END;
END $$;
COMMENT ON FUNCTION btwin.epic5_duration_for_complexity(float8, float8, text) IS
'Minutes for material of a complexity: BASIC max(30, d - 10), INTERMEDIATE d, ADVANCED min(90, d + 15); NULL below confidence 0.4. Errors: 22003 for a number out of range, 22023 for an unknown complexity. Epic 5 domain model, 2.5.';

CREATE FUNCTION btwin.epic5_session_fatigue_point(review_minutes float8[], good boolean[], session_minutes float8) RETURNS float8
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    point float8;
BEGIN
    PERFORM btwin.check_range(session_minutes, 0, 1e9, 'session_minutes'),
            btwin.epic5_pattern_check_elements(review_minutes, 0, 1e9, 'review_minutes'),
            btwin.epic5_pattern_check_lengths('review_minutes', cardinality(review_minutes), 'good', cardinality(good));
    IF session_minutes IS NULL OR session_minutes < 60 OR
       (SELECT count(*) FROM unnest(review_minutes, good) AS r(m, g) WHERE r.m IS NOT NULL AND r.g IS NOT NULL) < 10 THEN
        RETURN NULL;
    END IF;
    WITH segment AS (
        SELECT floor(r.m / 10) * 10 + 10 AS ends, avg(CASE WHEN r.g THEN 1.0::float8 ELSE 0.0::float8 END) AS accuracy
        FROM unnest(review_minutes, good) AS r(m, g) WHERE r.m IS NOT NULL AND r.g IS NOT NULL GROUP BY 1),
    kept AS (
        SELECT s.ends, s.accuracy, first_value(s.accuracy) OVER (ORDER BY s.ends) AS first_accuracy, count(*) OVER () AS segments
        FROM segment s WHERE s.ends <= session_minutes)
    SELECT min(k.ends) INTO point FROM kept k
    WHERE k.segments >= 3 AND (k.first_accuracy - k.accuracy) / nullif(k.first_accuracy, 0) >= 0.2;
    RETURN point;
END $$;
COMMENT ON FUNCTION btwin.epic5_session_fatigue_point(float8[], boolean[], float8) IS
'End in minutes of the first 10-minute segment of a session of at least 60 minutes with 10 reviews whose share of good reviews has dropped by 0.20 or more of the first segment''s; segments end at 10, 20, ... up to the session''s length, those without reviews are skipped, at least 3 are needed. NULL if there is none. Reviews with a NULL are left out. Errors: 22003 for a negative number, 22023 for arrays of different length. Epic 5 domain model, 2.5.';

CREATE FUNCTION btwin.epic5_fatigue_point(session_minutes float8[], fatigue_points float8[],
    OUT fatigue_point int, OUT break_interval int, OUT sessions_needed int)
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    mean_point float8;
    long_sessions int;
BEGIN
    PERFORM btwin.epic5_pattern_check_elements(session_minutes, 0, 1e9, 'session_minutes'),
            btwin.epic5_pattern_check_elements(fatigue_points, 0, 1e9, 'fatigue_points'),
            btwin.epic5_pattern_check_lengths('session_minutes', cardinality(session_minutes), 'fatigue_points', cardinality(fatigue_points));
    SELECT count(*), avg(s.f) INTO long_sessions, mean_point
    FROM unnest(session_minutes, fatigue_points) AS s(m, f) WHERE s.m >= 60;
    sessions_needed := greatest(0, 5 - long_sessions);
    IF sessions_needed = 0 THEN
        fatigue_point := btwin.epic5_round(mean_point);
        break_interval := CASE WHEN fatigue_point IS NOT NULL THEN greatest(30, fatigue_point - 10) END;
    END IF;
END $$;
COMMENT ON FUNCTION btwin.epic5_fatigue_point(float8[], float8[]) IS
'Rounded mean of the sessions'' fatigue points (epic5_session_fatigue_point; NULL = none found) over at least 5 sessions of 60 minutes and more, break_interval = max(30, fatigue_point - 10); with fewer such sessions NULL and how many are still needed. Errors: 22003 for a negative number, 22023 for arrays of different length. Epic 5 domain model, 2.5.';

-- 2.6 to 2.8 content

CREATE FUNCTION btwin.epic5_content_preference(event_types text[], event_ms float8[],
    session_ms float8[], session_reviews bigint[], session_validations bigint[],
    OUT lectures float8, OUT flashcards float8, OUT validation float8, OUT clinical_reasoning float8)
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM btwin.epic5_pattern_check_elements(event_ms, 0, 1e15, 'event_ms'),
            btwin.epic5_pattern_check_elements(session_ms, 0, 1e15, 'session_ms'),
            btwin.epic5_pattern_check_elements(session_reviews::float8[], 0, 1e15, 'session_reviews'),
            btwin.epic5_pattern_check_elements(session_validations::float8[], 0, 1e15, 'session_validations'),
            btwin.epic5_pattern_check_lengths('event_types', cardinality(event_types), 'event_ms', cardinality(event_ms)),
            btwin.epic5_pattern_check_lengths('session_ms', cardinality(session_ms), 'session_reviews', cardinality(session_reviews)),
            btwin.epic5_pattern_check_lengths('session_ms', cardinality(session_ms), 'session_validations', cardinality(session_validations));
    SELECT sum(v.raw) FILTER (WHERE v.kind = 'lecture'), sum(v.raw) FILTER (WHERE v.kind = 'flashcard'),
           sum(v.raw) FILTER (WHERE v.kind = 'validation'), sum(v.raw) FILTER (WHERE v.kind = 'clinical_reasoning')
    INTO lectures, flashcards, validation, clinical_reasoning
    FROM (SELECT e.kind, 0.6 * coalesce(e.ms, 0) + 0.4 * 100 AS raw
          FROM unnest(event_types, event_ms) AS e(kind, ms)
          WHERE e.kind IN ('lecture', 'flashcard', 'validation', 'clinical_reasoning')
          UNION ALL
          SELECT k.kind, 0.6 * coalesce(s.ms, 0) + 0.4 * 100
          FROM unnest(session_ms, session_reviews, session_validations) AS s(ms, reviews, validations),
               LATERAL (VALUES ('flashcard', s.reviews), ('validation', s.validations)) AS k(kind, n)
          WHERE k.n >= 1
          UNION ALL
          SELECT k, 0.0 FROM unnest(ARRAY['lecture', 'flashcard', 'validation', 'clinical_reasoning']) k) v;
    IF lectures + flashcards + validation + clinical_reasoning > 0 THEN
        SELECT lectures / t, flashcards / t, validation / t, clinical_reasoning / t
        INTO lectures, flashcards, validation, clinical_reasoning
        FROM (SELECT lectures + flashcards + validation + clinical_reasoning) AS total(t);
    ELSE
        lectures := 0.25;
        flashcards := 0.25;
        validation := 0.25;
        clinical_reasoning := 0.25;
    END IF;
END $$;
COMMENT ON FUNCTION btwin.epic5_content_preference(text[], float8[], float8[], bigint[], bigint[]) IS
'Shares of four kinds of content, summing to 1: raw = 0.6 * time in ms + 0.4 * 100 * count, from events (content type lecture, flashcard, validation, clinical_reasoning, others left out; duration in ms, NULL counts 0) and completed sessions (with reviews: one flashcard with the session''s whole time; with validation responses: one validation likewise); all zero: 0.25 each. Errors: 22023 for arrays of different length, 22003 for a negative number. Epic 5 domain model, 2.6.';

CREATE FUNCTION btwin.epic5_vark(graph_views bigint, diagram_engagement float8[], explain_scores float8[],
    clinical_engagement float8[], lecture_ms float8, sessions_with_notes bigint,
    OUT visual float8, OUT auditory float8, OUT kinesthetic float8, OUT reading float8)
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    total float8;
BEGIN
    PERFORM btwin.check_range(graph_views::float8, 0, 1e15, 'graph_views'),
            btwin.epic5_pattern_check_elements(diagram_engagement, 0, 100, 'diagram_engagement'),
            btwin.epic5_pattern_check_elements(explain_scores, 0, 100, 'explain_scores'),
            btwin.epic5_pattern_check_elements(clinical_engagement, 0, 100, 'clinical_engagement'),
            btwin.check_range(lecture_ms, 0, 1e15, 'lecture_ms'),
            btwin.check_range(sessions_with_notes::float8, 0, 1e15, 'sessions_with_notes');
    visual := 0.5 * coalesce(graph_views, 0)
        + 0.5 * coalesce((SELECT avg(coalesce(nullif(e, 0), 0.5)) FROM unnest(diagram_engagement) e), 0);
    auditory := coalesce((SELECT avg(s) FROM unnest(explain_scores) s), 0);
    kinesthetic := coalesce((SELECT avg(coalesce(e, 0.5)) FROM unnest(clinical_engagement) e), 0);
    reading := 0.6 * least(1.0, coalesce(lecture_ms, 0) / 36000000)
        + 0.4 * least(1.0, coalesce(sessions_with_notes, 0) / 50.0::float8);
    total := visual + auditory + kinesthetic + reading;
    IF total > 0 THEN
        visual := visual / total;
        auditory := auditory / total;
        kinesthetic := kinesthetic / total;
        reading := reading / total;
    ELSE
        visual := 0.25;
        auditory := 0.25;
        kinesthetic := 0.25;
        reading := 0.25;
    END IF;
END $$;
COMMENT ON FUNCTION btwin.epic5_vark(bigint, float8[], float8[], float8[], float8, bigint) IS
'Exposure mix, summing to 1. Raw values: visual = 0.5 * graph views + 0.5 * mean engagement of diagram cards (NULL or 0 counts 0.5; none: 0); auditory = mean score of explanations to patients (none: 0); kinesthetic = mean engagement of clinical reasoning (NULL counts 0.5; none: 0); reading = 0.6 min(1, lecture ms / 36,000,000) + 0.4 min(1, sessions with notes / 50); all zero: 0.25 each. Not a trait of the learner. Pass this learner''s rows only: the reference takes explanations of all users. Error 22003 for a number out of range. Epic 5 domain model, 2.7.';

CREATE FUNCTION btwin.epic5_content_effectiveness(event_types text[], engagement float8[], completed boolean[], retention float8[],
    session_good_shares float8[], session_validation_scores float8[],
    OUT content_type text, OUT sample_size int, OUT avg_retention float8, OUT avg_completion float8, OUT avg_engagement float8, OUT score float8)
    RETURNS SETOF record
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE ROWS 4 SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM btwin.epic5_pattern_check_elements(engagement, 0, 100, 'engagement'),
            btwin.epic5_pattern_check_elements(retention, 0, 1, 'retention'),
            btwin.epic5_pattern_check_elements(session_good_shares, 0, 1, 'session_good_shares'),
            btwin.epic5_pattern_check_elements(session_validation_scores, 0, 1, 'session_validation_scores'),
            btwin.epic5_pattern_check_lengths('event_types', cardinality(event_types), 'engagement', cardinality(engagement)),
            btwin.epic5_pattern_check_lengths('event_types', cardinality(event_types), 'completed', cardinality(completed)),
            btwin.epic5_pattern_check_lengths('event_types', cardinality(event_types), 'retention', cardinality(retention));
    RETURN QUERY
    SELECT k.kind, m.n, m.r, m.c, m.e, btwin.epic5_round(50 * m.r + 30 * m.c + 0.2 * m.e, 2)
    FROM unnest(ARRAY['lecture', 'flashcard', 'validation', 'clinical_reasoning']) WITH ORDINALITY AS k(kind, at),
         LATERAL (
             SELECT count(*)::int, coalesce(avg(v.r), 0), coalesce(avg(v.c), 0), coalesce(avg(v.e), 0)
             FROM (SELECT coalesce(e.r, 0) AS r, CASE WHEN e.c THEN 1.0::float8 ELSE 0.0::float8 END AS c, coalesce(e.e, 0) AS e
                   FROM unnest(event_types, engagement, completed, retention) AS e(kind, e, c, r) WHERE e.kind = k.kind
                   UNION ALL
                   SELECT g, 1.0, 0.0 FROM unnest(session_good_shares) g WHERE k.kind = 'flashcard' AND g IS NOT NULL
                   UNION ALL
                   SELECT s, 0.0, 0.0 FROM unnest(session_validation_scores) s WHERE k.kind = 'validation' AND s IS NOT NULL) v) AS m(n, r, c, e)
    ORDER BY k.at;
END $$;
COMMENT ON FUNCTION btwin.epic5_content_effectiveness(text[], float8[], boolean[], float8[], float8[], float8[]) IS
'Per kind of content 50 retention + 30 completion + 0.2 engagement, rounded to 2 decimals, zeros without a sample. Samples: events that have a session performance score (content type, engagement 0 to 100, completed, retention 0 to 1), sessions with reviews (good share as retention, counted completed) for flashcard, sessions with validation responses (mean score 0 to 1 as retention) for validation. All averages are over the joint sample, a missing part counts 0. Errors: 22023 for arrays of different length, 22003 for a number out of range. Epic 5 domain model, 2.8.';
-- epic5_forgetting: the reference's own forgetting curve

CREATE FUNCTION btwin.epic5_forgetting_points(card_ids text[], reviewed_at timestamptz[], stability_after float8[],
    OUT card_id text, OUT interval_days int, OUT elapsed_days float8, OUT retention float8)
    RETURNS SETOF record
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000 ROWS 100 AS 'MODULE_PATHNAME', 'epic5_forgetting_points';
COMMENT ON FUNCTION btwin.epic5_forgetting_points(text[], timestamptz[], float8[]) IS
'Points of the reference curve: for each review and each interval of 1, 3, 7, 14, 30 and 90 days the first later review of the same card within 20 % of the interval (both ends included), its time since then in days and min(1, stability_after / 10). One element of each array per review, in any order; equal times count in the order of the arrays. Errors: 22023 for arrays of different length, 22004 for a NULL element, 22008 for an infinite time, 22003 for NaN or infinity. Source: Epic 5 domain model, 2.9.';

CREATE FUNCTION btwin.epic5_forgetting_by_interval(card_ids text[], reviewed_at timestamptz[], stability_after float8[],
    OUT interval_days int, OUT mean_retention float8, OUT points bigint)
    RETURNS SETOF record
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000 ROWS 6 AS 'MODULE_PATHNAME', 'epic5_forgetting_by_interval';
COMMENT ON FUNCTION btwin.epic5_forgetting_by_interval(text[], timestamptz[], float8[]) IS
'Mean retention and number of points per interval that has any, of epic5_forgetting_points() with the same arguments. Source: Epic 5 domain model, 2.9.';

CREATE FUNCTION btwin.epic5_forgetting_fit(elapsed_days float8[], retention float8[],
    OUT r0 float8, OUT k float8, OUT half_life float8, OUT fitted boolean)
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'epic5_forgetting_fit';
COMMENT ON FUNCTION btwin.epic5_forgetting_fit(float8[], float8[]) IS
'Reference fit of R(t) = r0 exp(-k t): ordinary least squares of ln(retention) on days over points with retention > 0, r0 clamped to 0.5 to 1 and k to 0.05 to 0.5 per day; fewer than two such points or all at one time give the default 1 and 0.14 with fitted = false. half_life = ln 2 / k days. retention: 0 to 1. Errors: 22023 for arrays of different length, 22003 for a value out of range. Source: Epic 5 domain model, 2.9.';

CREATE FUNCTION btwin.epic5_forgetting_curve(card_ids text[], reviewed_at timestamptz[], stability_after float8[],
    OUT r0 float8, OUT k float8, OUT half_life float8, OUT difference_percent float8, OUT deviation text,
    OUT deviation_percent int, OUT confidence float8, OUT review_count bigint, OUT point_count bigint)
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000 AS 'MODULE_PATHNAME', 'epic5_forgetting_curve';
COMMENT ON FUNCTION btwin.epic5_forgetting_curve(text[], timestamptz[], float8[]) IS
'Reference forgetting curve of a learner''s reviews. Below 50 reviews or 30 days from first to last: the default curve (r0 1, k 0.14, half-life 4.95 days) and deviation insufficient_data; without points: default and no_points; else epic5_forgetting_fit() of epic5_forgetting_points() and faster (k > 0.154), slower (k < 0.126) or similar. difference_percent: of the half-life from the default''s; deviation_percent: its size, rounded half up. confidence: min(1, reviews / 50), whatever the fit. Arguments and errors as for epic5_forgetting_points(). Weaknesses: doc/forgetting.md. Source: Epic 5 domain model, 2.9.';

CREATE FUNCTION btwin.epic5_forgetting_prediction(r0 float8, k float8, days_since_review float8, confidence float8 DEFAULT 1,
    OUT current_retention float8, OUT days_until_forgetting float8, OUT review_in_days float8, OUT prediction_confidence float8)
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'epic5_forgetting_prediction';
COMMENT ON FUNCTION btwin.epic5_forgetting_prediction(float8, float8, float8, float8) IS
'Reference prediction for an objective last reviewed days_since_review days ago on the curve r0 exp(-k t): retention now (clamped to 0 to 1), days until it falls to 0.5 and to 0.7 (0 when it is below), and the given confidence of the curve. NULL days (never reviewed): zeros, confidence 0. Errors: 22003 for r0 outside 0 to 1 (0 excluded), k not positive, negative days or a confidence outside 0 to 1. Source: Epic 5 domain model, 2.9.';

CREATE FUNCTION btwin.epic5_forgetting_insight(k float8,
    OUT deviation_percent int, OUT direction text, OUT half_life_days int, OUT review_every_days int)
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'epic5_forgetting_insight';
COMMENT ON FUNCTION btwin.epic5_forgetting_insight(float8) IS
'Numbers of the reference''s RETENTION_STRATEGY insight for the decay rate k per day: difference of the half-life from the default''s in percent, faster (k > 0.14) or slower, half-life and advised interval 0.7 * half-life in days, all rounded half up. (After 0.7 half-lives retention is 0.616, not 0.7.) Error 22003 for k outside 0.0001 to 10000. Source: Epic 5 domain model, 2.10.';
-- The reference's struggle rules, faults included (Epic 5 domain model, 2.11 to 2.13 and 2.18)

CREATE FUNCTION btwin.epic5_struggle(features float8[],
    OUT probability float8, OUT baseline float8, OUT confidence float8, OUT data_quality float8,
    OUT risk_level text, OUT top_features text[], OUT risk_factors text[], OUT protective_factors text[])
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'epic5_struggle_rule';
COMMENT ON FUNCTION btwin.epic5_struggle(float8[]) IS
'The web rule (Epic 5 domain model, 2.12) over the 15 features of struggle_features(), each 0 to 1, the reference''s default for NULL: sum of triggered terms; below 0.4 at least the baseline; at most 1. confidence = 0.5 + 0.5 * data_quality; the 5 largest terms, all triggered ones, protective factors. Faults kept: the neutral vector gets 0.78, all defaults 0.43, and there is a jump at 0.4. Errors: 22023 for another number of features, 22003 for one outside 0 to 1.';

CREATE FUNCTION btwin.epic5_struggle_contributions(features float8[],
    OUT factor text, OUT value float8, OUT weight float8, OUT contribution float8)
    RETURNS SETOF record
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 4 AS 'MODULE_PATHNAME', 'epic5_struggle_contributions';
COMMENT ON FUNCTION btwin.epic5_struggle_contributions(float8[]) IS
'What the probability of epic5_struggle() is made of, summing to it: one row per triggered term in the order of the rule, with the feature''s value and the term''s factor; then baseline_floor, what the baseline added, and cap, what the limit of 1 took, where they are not 0.';

CREATE FUNCTION btwin.epic5_struggle_class(features float8[],
    OUT class text, OUT probability float8, OUT confidence float8)
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'epic5_struggle_class_rule';
COMMENT ON FUNCTION btwin.epic5_struggle_class(float8[]) IS
'The Python rule (Epic 5 domain model, 2.13) over the same 15 features: class HIGH, MEDIUM or LOW, its probability and confidence = min(1, 0.6 * data quality + 0.2 where history > 0 + 0.2). Errors as for epic5_struggle().';

CREATE FUNCTION btwin.epic5_struggle_data_quality(features float8[]) RETURNS float8
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'epic5_struggle_data_quality';
COMMENT ON FUNCTION btwin.epic5_struggle_data_quality(float8[]) IS
'Share of the 15 features that differ from 0.5 by more than 0.01, the reference''s default standing for NULL (Epic 5 domain model, 2.11): a default of 0 or 1 counts as data, a true 0.5 does not.';

CREATE FUNCTION btwin.epic5_struggled(good_share float8, again_count int, validation_scores float8[] DEFAULT NULL) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN good_share IS NULL THEN NULL
        ELSE good_share OPERATOR(pg_catalog.<) 0.65
          OR COALESCE(again_count, 0) OPERATOR(pg_catalog.>=) 3
          OR COALESCE((SELECT pg_catalog.avg(v.score) FROM pg_catalog.unnest(validation_scores) AS v (score)), 0.7)
             OPERATOR(pg_catalog.<) 0.6 END;
COMMENT ON FUNCTION btwin.epic5_struggled(float8, int, float8[]) IS
'Outcome of a completed session on an objective (Epic 5 domain model, 2.18): struggled when the share of good reviews is below 0.65, or AGAIN was given 3 times or more, or the mean validation score (0.7 without any) is below 0.6. NULL without reviews (good_share NULL).';

CREATE FUNCTION btwin.epic5_prediction_status(probability float8, struggled boolean) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN CASE WHEN probability OPERATOR(pg_catalog.>) 0.5
                THEN CASE WHEN struggled THEN 'CONFIRMED' ELSE 'FALSE_POSITIVE' END
                ELSE CASE WHEN struggled THEN 'MISSED' ELSE 'CONFIRMED' END END;
COMMENT ON FUNCTION btwin.epic5_prediction_status(float8, boolean) IS
'Status of a prediction with known outcome (Epic 5 domain model, 2.18): predicted means above 0.5; a true negative is CONFIRMED too. struggle_outcome() tells the four apart.';

CREATE FUNCTION btwin.epic5_calibration_bins(probabilities float8[], struggled boolean[],
    OUT bin_low float8, OUT bin_high float8, OUT "count" bigint,
    OUT mean_predicted float8, OUT observed_rate float8, OUT error float8)
    RETURNS SETOF record
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE ROWS 6 AS
$function$
BEGIN
    IF pg_catalog.cardinality(probabilities) OPERATOR(pg_catalog.<>) pg_catalog.cardinality(struggled) THEN
        RAISE EXCEPTION '"probabilities" and "struggled" must have the same number of elements'
            USING ERRCODE = 'invalid_parameter_value',
                  DETAIL = pg_catalog.format('"probabilities" has %s, "struggled" has %s.',
                      pg_catalog.cardinality(probabilities), pg_catalog.cardinality(struggled)),
                  HINT = 'Pass one element of each per prediction.';
    END IF;
    IF EXISTS (SELECT FROM pg_catalog.unnest(probabilities) AS u (p)
               WHERE NOT (u.p OPERATOR(pg_catalog.>=) 0 AND u.p OPERATOR(pg_catalog.<=) 1)) THEN
        RAISE EXCEPTION '"probabilities" must be between 0 and 1'
            USING ERRCODE = 'numeric_value_out_of_range',
                  DETAIL = pg_catalog.format('Found %s.', (SELECT u.p FROM pg_catalog.unnest(probabilities) AS u (p)
                      WHERE NOT (u.p OPERATOR(pg_catalog.>=) 0 AND u.p OPERATOR(pg_catalog.<=) 1) LIMIT 1)),
                  HINT = 'Check the unit of the value.';
    END IF;
    RETURN QUERY
    SELECT b.low, b.high, pg_catalog.count(u.p), pg_catalog.avg(u.p),
           pg_catalog.avg(CASE WHEN u.y THEN 1.0::float8 WHEN NOT u.y THEN 0 END),
           pg_catalog.abs(pg_catalog.avg(u.p) OPERATOR(pg_catalog.-) pg_catalog.avg(CASE WHEN u.y THEN 1.0::float8 WHEN NOT u.y THEN 0 END))
    FROM (VALUES (0.0::float8, 0.5::float8), (0.5, 0.6), (0.6, 0.7), (0.7, 0.8), (0.8, 0.9), (0.9, 1.0)) AS b (low, high)
    LEFT JOIN ROWS FROM (pg_catalog.unnest(probabilities), pg_catalog.unnest(struggled)) AS u (p, y)
        ON u.p OPERATOR(pg_catalog.>=) b.low AND u.p OPERATOR(pg_catalog.<) b.high AND u.y IS NOT NULL
    GROUP BY b.low, b.high
    ORDER BY b.low;
END
$function$;
COMMENT ON FUNCTION btwin.epic5_calibration_bins(float8[], boolean[]) IS
'The reference''s calibration curve (Epic 5 domain model, 2.18): bins [0, .5) [.5, .6) [.6, .7) [.7, .8) [.8, .9) [.9, 1) with count, mean probability, observed rate and their difference (NULL in an empty bin). Fault kept: a probability of 1 falls in no bin. Pairs with a NULL are left out.';

CREATE FUNCTION btwin.epic5_prediction_accuracy(probabilities float8[], struggled boolean[],
    OUT evidence_count bigint, OUT accuracy float8, OUT "precision" float8, OUT recall float8, OUT f1 float8,
    OUT brier float8, OUT calibration float8, OUT false_positive_rate float8, OUT false_negative_rate float8)
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS
$function$
DECLARE
    tp float8;
    fp float8;
    tn float8;
    fn float8;
BEGIN
    -- the bins refuse what must be refused
    SELECT COALESCE(pg_catalog.sum(b.error OPERATOR(pg_catalog.*) b."count"), 0) INTO calibration
    FROM btwin.epic5_calibration_bins(probabilities, struggled) AS b;
    SELECT pg_catalog.count(*),
           pg_catalog.count(*) FILTER (WHERE u.p OPERATOR(pg_catalog.>) 0.5 AND u.y),
           pg_catalog.count(*) FILTER (WHERE u.p OPERATOR(pg_catalog.>) 0.5 AND NOT u.y),
           pg_catalog.count(*) FILTER (WHERE u.p OPERATOR(pg_catalog.<=) 0.5 AND NOT u.y),
           pg_catalog.count(*) FILTER (WHERE u.p OPERATOR(pg_catalog.<=) 0.5 AND u.y),
           COALESCE(pg_catalog.avg((u.p OPERATOR(pg_catalog.-) CASE WHEN u.y THEN 1 ELSE 0 END)
               OPERATOR(pg_catalog.^) 2), 1)
    INTO evidence_count, tp, fp, tn, fn, brier
    FROM ROWS FROM (pg_catalog.unnest(probabilities), pg_catalog.unnest(struggled)) AS u (p, y)
    WHERE u.p IS NOT NULL AND u.y IS NOT NULL;
    IF evidence_count OPERATOR(pg_catalog.=) 0 THEN
        accuracy := 0; "precision" := 0; recall := 0; f1 := 0;
        calibration := 0; false_positive_rate := 0; false_negative_rate := 0;
        RETURN;
    END IF;
    accuracy := (tp OPERATOR(pg_catalog.+) tn) OPERATOR(pg_catalog./) evidence_count;
    "precision" := CASE WHEN tp OPERATOR(pg_catalog.+) fp OPERATOR(pg_catalog.>) 0
                        THEN tp OPERATOR(pg_catalog./) (tp OPERATOR(pg_catalog.+) fp) ELSE 0 END;
    recall := CASE WHEN tp OPERATOR(pg_catalog.+) fn OPERATOR(pg_catalog.>) 0
                   THEN tp OPERATOR(pg_catalog./) (tp OPERATOR(pg_catalog.+) fn) ELSE 0 END;
    f1 := CASE WHEN "precision" OPERATOR(pg_catalog.+) recall OPERATOR(pg_catalog.>) 0
               THEN 2 OPERATOR(pg_catalog.*) "precision" OPERATOR(pg_catalog.*) recall
                    OPERATOR(pg_catalog./) ("precision" OPERATOR(pg_catalog.+) recall) ELSE 0 END;
    calibration := GREATEST(0, 1 OPERATOR(pg_catalog.-) (calibration OPERATOR(pg_catalog./) evidence_count));
    false_positive_rate := fp OPERATOR(pg_catalog./) evidence_count;
    false_negative_rate := fn OPERATOR(pg_catalog./) evidence_count;
END
$function$;
COMMENT ON FUNCTION btwin.epic5_prediction_accuracy(float8[], boolean[]) IS
'The reference''s accuracy figures (Epic 5 domain model, 2.18), predicted meaning above 0.5: accuracy, precision, recall, F1 (0 where undefined), Brier score, calibration = 1 - ECE over epic5_calibration_bins(), and false positives and negatives over all predictions (fault kept). Without outcomes all 0, Brier 1. Pairs with a NULL are left out.';
-- the reference's load rules, digit by digit, for comparison with load_score()

CREATE FUNCTION btwin.epic5_cognitive_load(
    response_latencies_ms float8[] DEFAULT '{}', error_rate float8 DEFAULT 0,
    performance_scores float8[] DEFAULT '{}', session_minutes float8 DEFAULT 0,
    pause_count int DEFAULT NULL, pause_duration_ms float8 DEFAULT NULL,
    baseline_latency_ms float8 DEFAULT NULL, baseline_performance float8 DEFAULT NULL,
    OUT load_score float8, OUT load_level text, OUT overload boolean, OUT risk_level text,
    OUT confidence float8, OUT recommendations text[])
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'epic5_cognitive_load';
COMMENT ON FUNCTION btwin.epic5_cognitive_load(float8[], float8, float8[], float8, int, float8, float8, float8) IS
'Load of a session, 0 to 92.5, by the reference''s rule (Epic 5 domain model, 2.21), faults included. Latencies in ms (0 to 86400000), error_rate 0 to 1, performance_scores 0 to 1 (newest last), session_minutes 0 to 1440. Engagement is missing when both pause arguments are NULL, the baseline when both baseline arguments are; a baseline of 0 or NULL is 2000 ms and 0.7. load_level: LOW, MODERATE from 40, HIGH from 60, CRITICAL from 80; overload: load > 80 or two HIGH indicators; risk_level: CRITICAL, HIGH, MEDIUM, LOW; confidence 0.3024 to 1; recommendations: keys of advice. With engagement and session_minutes 0 the load is not a number there: load_score, load_level and recommendations are NULL, overload and risk_level too unless two HIGH indicators decide. Errors: 22003 out of range, 22004 for a NULL element, error_rate or session_minutes.';

CREATE FUNCTION btwin.epic5_cognitive_load_factors(
    response_latencies_ms float8[] DEFAULT '{}', error_rate float8 DEFAULT 0,
    performance_scores float8[] DEFAULT '{}', session_minutes float8 DEFAULT 0,
    pause_count int DEFAULT NULL, pause_duration_ms float8 DEFAULT NULL,
    baseline_latency_ms float8 DEFAULT NULL, baseline_performance float8 DEFAULT NULL,
    OUT factor text, OUT score float8, OUT weight float8, OUT contribution float8)
    RETURNS SETOF record
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10 ROWS 5 AS 'MODULE_PATHNAME', 'epic5_cognitive_load_factors';
COMMENT ON FUNCTION btwin.epic5_cognitive_load_factors(float8[], float8, float8[], float8, int, float8, float8, float8) IS
'The five factors of epic5_cognitive_load() (Epic 5 domain model, 2.21): score 0 to 100, weight, contribution = score * weight; the contributions sum to its load. score and contribution of ENGAGEMENT_DROP are NULL with session_minutes 0. Arguments and errors as there.';

CREATE FUNCTION btwin.epic5_cognitive_load_indicators(
    response_latencies_ms float8[] DEFAULT '{}', error_rate float8 DEFAULT 0,
    performance_scores float8[] DEFAULT '{}', session_minutes float8 DEFAULT 0,
    pause_count int DEFAULT NULL, pause_duration_ms float8 DEFAULT NULL,
    baseline_latency_ms float8 DEFAULT NULL, baseline_performance float8 DEFAULT NULL,
    OUT type text, OUT severity text, OUT value float8, OUT contribution float8)
    RETURNS SETOF record
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10 ROWS 2 AS 'MODULE_PATHNAME', 'epic5_cognitive_load_indicators';
COMMENT ON FUNCTION btwin.epic5_cognitive_load_indicators(float8[], float8, float8[], float8, int, float8, float8, float8) IS
'The stress indicators of epic5_cognitive_load() (Epic 5 domain model, 2.21): LOW, MEDIUM, HIGH above 0.15, 0.3, 0.5 (latency over the baseline) and 0.2, 0.3, 0.4 (error rate, pause share, decline); duration above 60 MEDIUM, above 90 HIGH. value: mean ms, rate, share, decline, minutes; contribution: the factor''s score, 0 to 100. Arguments and errors as there.';

CREATE FUNCTION btwin.epic5_load_modulator(
    recent_hours float8, hours_28_days float8,
    performance_scores float8[] DEFAULT '{}', validation_scores float8[] DEFAULT '{}',
    sessions_started int DEFAULT 0, sessions_abandoned int DEFAULT 0,
    data_quality_score float8 DEFAULT NULL,
    OUT volume float8, OUT performance float8, OUT comprehension float8, OUT stress float8,
    OUT load_score float8, OUT load_level text,
    OUT duration_factor float8, OUT extra_breaks int, OUT content text, OUT rest_day boolean,
    OUT recovery text, OUT confidence float8)
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'epic5_load_modulator';
COMMENT ON FUNCTION btwin.epic5_load_modulator(float8, float8, float8[], float8[], int, int, float8) IS
'Load from study history by the reference''s intensity modulator (Epic 5 domain model, 2.22, web): completed hours of 7 and of 28 days, session performance scores (0 to 100, newest last, the last 5 count, a 0 counts 50), validation scores of 7 days (0 to 1), sessions started in 7 days and those of them not completed. Parts 0 to 100 with weights 0.3, 0.3, 0.2, 0.2; load rounded half up; level LOW below 40, MEDIUM up to 70, else HIGH. content: HARDER, SAME, EASIER; recovery: TWO_DAYS_OFF above 80, LIGHT_REVIEW_TWO_DAYS above 70, else NULL; confidence: the data quality, 0.5 where NULL or 0. Errors: 22003 out of range, 22004 for NULL, 22023 for more abandoned than started sessions.';

CREATE FUNCTION btwin.epic5_load_features(
    recent_hours float8, baseline_hours float8 DEFAULT NULL,
    session_days float8[] DEFAULT '{}', session_scores float8[] DEFAULT '{}',
    validation_scores float8[] DEFAULT '{}',
    sessions_started int DEFAULT 0, sessions_completed int DEFAULT 0,
    pause_count int DEFAULT 0, response_latencies_ms float8[] DEFAULT '{}',
    consecutive_study_days int DEFAULT 0,
    OUT study_volume_ratio float8, OUT performance_trend_7d float8, OUT avg_performance_last_5 float8,
    OUT validation_score_avg float8, OUT session_abandonment_rate float8, OUT pause_frequency float8,
    OUT avg_response_time_ratio float8, OUT consecutive_days int, OUT session_completion_rate float8,
    OUT error_rate_trend float8)
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'epic5_load_features';
COMMENT ON FUNCTION btwin.epic5_load_features(float8, float8, float8[], float8[], float8[], int, int, int, float8[], int) IS
'The ten features of the reference''s second load analyzer (Epic 5 domain model, 2.22, py). baseline_hours NULL: 10; session_days and session_scores (0 to 100, newest last) of 7 days: the trend is the least-squares slope per day from 3 sessions on, else 0 (NULL when all on one day); mean of the last 5 scores, 75 without any; validation scores 0 to 100, 75 without any; pauses per recent hour; mean latency over 5000 ms. Where the sheet states no default: no sessions give abandonment and completion 0, no hours give pauses 0, no latencies give ratio 1. study_volume_ratio is NULL for baseline_hours 0. Errors: 22003 out of range, 22004 for NULL, 22023 for lists of different length or more completed than started sessions.';

CREATE FUNCTION btwin.epic5_load_analyzer(
    study_volume_ratio float8, avg_performance_last_5 float8 DEFAULT 75, validation_score_avg float8 DEFAULT 75,
    session_abandonment_rate float8 DEFAULT 0, pause_frequency float8 DEFAULT 0,
    avg_response_time_ratio float8 DEFAULT 1, session_completion_rate float8 DEFAULT 0,
    session_count int DEFAULT 0, session_count_3_days int DEFAULT 0,
    OUT load_score float8, OUT load_level text, OUT confidence float8)
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'epic5_load_analyzer';
COMMENT ON FUNCTION btwin.epic5_load_analyzer(float8, float8, float8, float8, float8, float8, float8, int, int) IS
'Load (0 to 100), level (LOW below 30, MEDIUM below 70, else HIGH) and confidence (0 to 1) from the features of epic5_load_features() by the reference''s heuristic (Epic 5 domain model, 2.22, py). NULL for a NULL argument. Error 22003 out of range.';

CREATE FUNCTION btwin.epic5_load_analyzer_factors(
    study_volume_ratio float8, avg_performance_last_5 float8 DEFAULT 75, validation_score_avg float8 DEFAULT 75,
    session_abandonment_rate float8 DEFAULT 0, pause_frequency float8 DEFAULT 0, avg_response_time_ratio float8 DEFAULT 1,
    consecutive_study_days int DEFAULT 0,
    OUT factor text, OUT severity text, OUT value float8, OUT impact float8)
    RETURNS SETOF record
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 3 AS 'MODULE_PATHNAME', 'epic5_load_analyzer_factors';
COMMENT ON FUNCTION btwin.epic5_load_analyzer_factors(float8, float8, float8, float8, float8, float8, int) IS
'The factors that the reference''s second analyzer reports (Epic 5 domain model, 2.22, py), at most 5: volume ratio > 1.2 (HIGH > 1.5), performance < 70 (< 60), abandonment > 0.25 (> 0.4), pauses > 10 an hour, latency ratio > 1.5, consecutive days >= 7 (> 10), validation < 60 (< 50); severity MEDIUM or HIGH. The sheet orders by impact without defining it: here the points of the heuristic''s load that the feature alone stands for (0 for consecutive days, which the load does not use), ties in the order above. No rows for a NULL argument. Error 22003 out of range.';

CREATE FUNCTION btwin.epic5_load_burnout_flag(
    daily_loads float8[], load_score float8, high_factors int, rested boolean, performance_factor boolean) RETURNS text
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'epic5_load_burnout_flag';
COMMENT ON FUNCTION btwin.epic5_load_burnout_flag(float8[], float8, int, boolean, boolean) IS
'The burnout flag of the reference''s second analyzer (Epic 5 domain model, 2.22, py): with the last 5 of daily_loads (0 to 100, oldest first, a day without study counts 0) all above 60, CRITICAL if at least 2 factors are HIGH, else HIGH; HIGH too for a load above 70 without rest; MEDIUM for a load above 70 with the performance factor; else NULL. NULL for a NULL argument. Errors: 22003 out of range, 22004 for a NULL element.';

CREATE FUNCTION btwin.epic5_difficulty_adapter(load_score float8, error_rate float8 DEFAULT 0,
    OUT action text, OUT difficulty_change int, OUT review_ratio float8, OUT urgency text,
    OUT max_complexity text, OUT scaffolding text, OUT prompt_complexity float8, OUT prompt_factor float8,
    OUT break_minutes int, OUT break_every_minutes int, OUT suggest_ending boolean)
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'epic5_difficulty_adapter';
COMMENT ON FUNCTION btwin.epic5_difficulty_adapter(float8, float8) IS
'What the reference changes at a load of 0 to 100 (Epic 5 domain model, 2.23): EMERGENCY above 80, REDUCE above 60, MAINTAIN from 40, else INCREASE (one level harder below 30 only). An error rate (0 to 1) above 0.3 lowers the complexity and sets the scaffolding to MINIMAL where there was none, else MODERATE, which lowers EXTENSIVE. NULL for a NULL argument. Error 22003 out of range.';

CREATE FUNCTION btwin.epic5_optimal_challenge(load_score float8, load_tolerance float8 DEFAULT 65,
    increasing boolean DEFAULT false, in_optimal_zone boolean DEFAULT false,
    OUT challenge text, OUT complexity int, OUT new_content_ratio float8, OUT intensity text,
    OUT session_minutes int, OUT break_after_minutes int)
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'epic5_optimal_challenge';
COMMENT ON FUNCTION btwin.epic5_optimal_challenge(float8, float8, boolean, boolean) IS
'The challenge that the reference finds right at a load of 0 to 100 (Epic 5 domain model, 2.23), first match: above the tolerance or 80 EASY; above 60, or increasing and above 50, MODERATE at complexity 4; in the learner''s optimal zone MODERATE at 6; below 30 CHALLENGING; else MODERATE at 5. NULL for a NULL argument. Error 22003 out of range.';
-- the reference's burnout rules, digit by digit, for comparison with risk()

CREATE FUNCTION btwin.epic5_burnout(
    session_minutes float8[] DEFAULT '{}', retention float8[] DEFAULT '{}',
    loads float8[] DEFAULT '{}', load_days date[] DEFAULT '{}',
    mission_statuses text[] DEFAULT '{}', difficulty_ratings int[] DEFAULT '{}',
    OUT score float8, OUT level text, OUT confidence float8)
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'epic5_burnout';
COMMENT ON FUNCTION btwin.epic5_burnout(float8[], float8[], float8[], date[], text[], int[]) IS
'Burnout risk by the reference''s rule (Epic 5 domain model, 2.20), faults included, over the rows of its last 14 days: minutes of completed sessions (each 0 to 1500); retention of the performance rows by date (0 to 1); loads by time (0 to 100) and the day of each (the reference takes UTC days); status of each mission (PENDING, IN_PROGRESS, COMPLETED, SKIPPED) and its difficulty rating (1 to 5, NULL: none). score 0 to 100 = sum of weight * factor; level LOW, MEDIUM from 25, HIGH from 50, CRITICAL from 75; confidence by epic5_burnout_confidence(). Errors: 22003 out of range, 22004 for NULL, 22023 for arrays of different length or an unknown status.';

CREATE FUNCTION btwin.epic5_burnout_factors(
    session_minutes float8[] DEFAULT '{}', retention float8[] DEFAULT '{}',
    loads float8[] DEFAULT '{}', load_days date[] DEFAULT '{}',
    mission_statuses text[] DEFAULT '{}', difficulty_ratings int[] DEFAULT '{}',
    OUT factor text, OUT value float8, OUT score float8, OUT weight float8,
    OUT percentage float8, OUT contribution float8, OUT severity text)
    RETURNS SETOF record
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10 ROWS 6 AS 'MODULE_PATHNAME', 'epic5_burnout_factors';
COMMENT ON FUNCTION btwin.epic5_burnout_factors(float8[], float8[], float8[], date[], text[], int[]) IS
'The six factors of epic5_burnout() (Epic 5 domain model, 2.20), arguments and errors as there: Study Intensity (value: hours a week), Performance Decline (relative decline of the later half of at least 7 rows), Chronic Cognitive Load (rows above 60 per day with rows), Schedule Irregularity (skipped missions / 14, from 7 missions on), Engagement Decay (skipped and low-rated per mission), Recovery Deficit (rows below 40 among the last 7). value is NULL where the rule has no number, also for a decline from 0, and the score then 0. score 0, 25, 50, 75 or 100; percentage = 100 * weight; contribution = weight * score; severity: the level of the score.';

CREATE FUNCTION btwin.epic5_burnout_level(score float8) RETURNS text
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'epic5_burnout_level';
COMMENT ON FUNCTION btwin.epic5_burnout_level(float8) IS
'Level of a burnout score or severity of a factor''s score, 0 to 100 (Epic 5 domain model, 2.20): CRITICAL from 75, HIGH from 50, MEDIUM from 25, else LOW. Error 22003 out of range.';

CREATE FUNCTION btwin.epic5_burnout_confidence(sessions int, load_rows int) RETURNS float8
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'epic5_burnout_confidence';
COMMENT ON FUNCTION btwin.epic5_burnout_confidence(int, int) IS
'Confidence of an assessment (Epic 5 domain model, 2.20), 0.168 to 1: 1, times 0.7 below 10 sessions, 0.5 below 5, 0.8 below 20 load rows, 0.6 below 10. Error 22003 for a negative count.';

CREATE FUNCTION btwin.epic5_burnout_signals(
    loads float8[], load_at timestamptz[], retention float8[], retention_at timestamptz[],
    mission_statuses text[], mission_at timestamptz[], as_of timestamptz,
    OUT type text, OUT severity text, OUT value float8, OUT first_detected_at timestamptz)
    RETURNS SETOF record
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10 ROWS 2 AS 'MODULE_PATHNAME', 'epic5_burnout_signals';
COMMENT ON FUNCTION btwin.epic5_burnout_signals(float8[], timestamptz[], float8[], timestamptz[], text[], timestamptz[], timestamptz) IS
'The reference''s warning signals (Epic 5 domain model, 2.20) over the rows of its last 14 days, ascending in time: CHRONIC_OVERLOAD (7 rows above 60 and mean above 60; HIGH from 10 rows; value: those rows; since the first of them), PERFORMANCE_DROP (at least 7 rows, first 7 against last 7, decline above 0.2; HIGH above 0.35; value: the decline; since the 7th last row), ENGAGEMENT_LOSS (3 missions skipped or in progress; HIGH from 5; value: their number; since the first skipped one, else as_of), IRREGULAR_PATTERN (14 - missions not skipped above 3; HIGH above 5; value: that number; since as_of - 14 days), NO_RECOVERY (rows in the last 7 days and none below 40; always HIGH; value: those rows; since the first of them). Only detected ones are returned. Errors: 22003, 22004, 22008 for infinite times, 22023 for arrays of different length or an unknown status.';

CREATE FUNCTION btwin.epic5_burnout_intervention(level text, factor_scores float8[] DEFAULT '{}',
    OUT type text, OUT recovery_days int, OUT add_ons text[])
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'epic5_burnout_intervention';
COMMENT ON FUNCTION btwin.epic5_burnout_intervention(text, float8[]) IS
'The reference''s intervention plan (Epic 5 domain model, 2.20): CRITICAL MANDATORY_REST, 5 days; HIGH WORKLOAD_REDUCTION, 4; MEDIUM SCHEDULE_ADJUSTMENT, 3; LOW CONTENT_SIMPLIFICATION, 2. add_ons for the 2 largest factors with a score above 60, largest first, ties in the order of the factors: REDUCE_DAILY_INTENSITY (intensity; not at HIGH and MEDIUM, whose plans speak of study hours already), PREREQUISITES_FIRST (decline), EASIER_CONTENT (chronic load), TWO_LIGHT_DAYS (recovery). factor_scores: the six of epic5_burnout_factors() in their order, or none. Errors: 22023 for an unknown level or another number of scores, 22003, 22004.';

CREATE FUNCTION btwin.epic5_burnout_recovery(
    previous_score float8, previous_at timestamptz,
    current_score float8, current_at timestamptz, current_level text,
    OUT days_since_intervention int, OUT risk_score_change float8,
    OUT recovery_progress float8, OUT is_recovered boolean)
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'epic5_burnout_recovery';
COMMENT ON FUNCTION btwin.epic5_burnout_recovery(float8, timestamptz, float8, timestamptz, text) IS
'Recovery between the last two assessments (Epic 5 domain model, 2.20): whole days between them; current - previous score; progress = (previous - current) / previous within 0 and 1, 0 where previous is 0; recovered when the level is LOW and the score below 25. Any NULL (fewer than two assessments): zeros, not recovered. Errors: 22003 for a score outside 0 to 100, 22023 for times in the wrong order or an unknown level.';

CREATE FUNCTION btwin.epic5_burnout_story(
    hours_per_week float8, decline_percent float8, high_load_days float8,
    irregular_days float8, engagement_decay_percent float8, days_since_rest float8) RETURNS float8
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'epic5_burnout_story';
COMMENT ON FUNCTION btwin.epic5_burnout_story(float8, float8, float8, float8, float8, float8) IS
'The design stories'' continuous formula (Epic 5 domain model, 2.20), which no code runs: h / 40 * 20 + decline / 100 * 25 + high-load days / 14 * 25 + irregular / 10 * 15 + decay / 100 * 10 + days since rest / 14 * 5. Not clamped, as written there. Error 22003 for a negative argument.';

CREATE FUNCTION btwin.epic5_burnout_flag(
    trend float8[], load float8, rested boolean, high_factors int, performance_factor boolean) RETURNS text
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'epic5_burnout_flag';
COMMENT ON FUNCTION btwin.epic5_burnout_flag(float8[], float8, boolean, int, boolean) IS
'The Python analyzer''s burnout flag (Epic 5 domain model, 2.22): CRITICAL when the last 5 days of the load trend all lie above 60 and at least 2 factors are HIGH; HIGH when load is above 70 without rest, or those 5 days lie above 60; MEDIUM when load is above 70 and performance is among the factors; else LOW. trend: load per day, 0 to 100, oldest first, 0 on a day without study; with fewer than 5 days the trend decides nothing. Errors: 22003 out of range, 22004 for a NULL element.';
-- The reference's bandit rules (Epic 5 domain model, 2.27, Python service), to
-- the last digit and with their faults: for comparison, not for decisions.

CREATE FUNCTION btwin.epic5_bandit_reward(retention_change float8, performance_change float8, completion float8,
    satisfaction float8 DEFAULT NULL) RETURNS float8
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN retention_change IS NULL OR performance_change IS NULL OR completion IS NULL THEN NULL ELSE
    greatest(0::float8, least(1::float8,
        (0.4::float8 * btwin.check_range(retention_change, -1, 1, 'retention_change')
         + 0.3::float8 * btwin.check_range(performance_change, -1, 1, 'performance_change')
         + 0.2::float8 * btwin.check_range(completion, 0, 1, 'completion')
         + coalesce(0.1::float8 * (btwin.check_range(satisfaction, 1, 5, 'satisfaction') - 1) / 4, 0)
         + 1) / 2)) END;
COMMENT ON FUNCTION btwin.epic5_bandit_reward(float8, float8, float8, float8) IS
'Reward 0 to 1 of an outcome: clamp((raw + 1) / 2), raw = 0.4 retention_change + 0.3 performance_change + 0.2 completion + 0.1 (satisfaction - 1) / 4. retention_change and performance_change -1 to 1, completion 0 to 1, satisfaction 1 to 5 or NULL (its term is left out). NULL when one of the first three is NULL. Error 22003 out of range. Epic 5 domain model, 2.27.';

CREATE FUNCTION btwin.epic5_bandit_update(reward float8, alpha float8 DEFAULT 1, beta float8 DEFAULT 1, pulls integer DEFAULT 0, total_reward float8 DEFAULT 0,
    OUT new_alpha float8, OUT new_beta float8, OUT new_pulls integer, OUT new_total_reward float8, OUT new_avg_reward float8)
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
    SELECT alpha + CASE WHEN checked.reward > 0.5 THEN 1 ELSE 0 END,
           beta + CASE WHEN checked.reward > 0.5 THEN 0 ELSE 1 END,
           pulls + 1,
           total_reward + checked.reward,
           (total_reward + checked.reward) / (pulls + 1)
    FROM (SELECT btwin.check_range(epic5_bandit_update.reward, 0, 1, 'reward') AS reward) checked;
END;
COMMENT ON FUNCTION btwin.epic5_bandit_update(float8, float8, float8, integer, float8) IS
'One arm after one reward (0 to 1): a reward above 0.5 adds 1 to alpha, any other 1 to beta; pulls, total and average reward follow. Exactly 0.5, the neutral outcome, counts as a failure. Error 22003 out of range. Epic 5 domain model, 2.27.';

CREATE FUNCTION btwin.epic5_bandit_posterior(alpha float8, beta float8,
    OUT mean float8, OUT variance float8, OUT sd float8)
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
    SELECT a / (a + b), a * b / ((a + b) ^ 2 * (a + b + 1)), sqrt(a * b / ((a + b) ^ 2 * (a + b + 1)))
    FROM (SELECT btwin.check_range(alpha, 1e-9, 1e15, 'alpha') AS a, btwin.check_range(beta, 1e-9, 1e15, 'beta') AS b) p;
END;
COMMENT ON FUNCTION btwin.epic5_bandit_posterior(float8, float8) IS
'Mean, variance and standard deviation of Beta(alpha, beta), both above 0. Error 22003 out of range. Epic 5 domain model, 2.27.';

CREATE FUNCTION btwin.epic5_bandit_confidence(pulls integer, alpha float8 DEFAULT 1, beta float8 DEFAULT 1) RETURNS float8
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
    SELECT greatest(0::float8, least(1::float8,
        0.6::float8 / (1 + exp(-0.1::float8 * (btwin.check_range(pulls, 0, 2147483647, 'pulls') - 25)))
        + 0.4::float8 * CASE WHEN alpha + beta <= 2 THEN 0.5
                             ELSE greatest(0::float8, least(1::float8, 1 - 10 * (btwin.epic5_bandit_posterior(alpha, beta)).sd)) END));
END;
COMMENT ON FUNCTION btwin.epic5_bandit_confidence(integer, float8, float8) IS
'Confidence 0 to 1 of an arm: 0.6 / (1 + e^(-0.1 (pulls - 25))) + 0.4 u, u = clamp(1 - 10 sd, 0, 1), 0.5 while alpha + beta <= 2. It is 0.924 at 50 balanced pulls, whatever its name promises. Error 22003 out of range. Epic 5 domain model, 2.27.';

CREATE FUNCTION btwin.epic5_bandit_ranking(arms text[], avg_rewards float8[],
    OUT rank integer, OUT arm text, OUT avg_reward float8)
    RETURNS SETOF record
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE ROWS 4
AS $$
BEGIN
    IF pg_catalog.cardinality(arms) OPERATOR(pg_catalog.<>) pg_catalog.cardinality(avg_rewards) THEN
        RAISE EXCEPTION '"arms" and "avg_rewards" must have the same number of elements'
            USING ERRCODE = 'invalid_parameter_value',
                  DETAIL = pg_catalog.format('"arms" has %s, "avg_rewards" has %s.', pg_catalog.cardinality(arms), pg_catalog.cardinality(avg_rewards)),
                  HINT = 'Pass one average reward per arm.';
    END IF;
    RETURN QUERY
    SELECT pg_catalog.row_number() OVER (ORDER BY a.average DESC, a.place)::integer, a.name, a.average
    FROM ROWS FROM (pg_catalog.unnest(arms), pg_catalog.unnest(avg_rewards)) WITH ORDINALITY AS a(name, average, place)
    ORDER BY a.average DESC, a.place;
END
$$;
COMMENT ON FUNCTION btwin.epic5_bandit_ranking(text[], float8[]) IS
'Arms by average reward, largest first, ties in the given order; the first is what epsilon-greedy exploits. An untried arm has average 0 and so comes last. Error 22023 when the arrays differ in length. Epic 5 domain model, 2.27.';

CREATE FUNCTION btwin.epic5_bandit_propensities(arms text[], avg_rewards float8[], epsilon float8 DEFAULT 0.1,
    OUT arm text, OUT propensity float8)
    RETURNS SETOF record
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE ROWS 4
BEGIN ATOMIC
    SELECT r.arm, btwin.check_range(epsilon, 0, 1, 'epsilon') / cardinality(arms) + CASE WHEN r.rank = 1 THEN 1 - epsilon ELSE 0 END
    FROM btwin.epic5_bandit_ranking(arms, avg_rewards) r
    ORDER BY r.rank;
END;
COMMENT ON FUNCTION btwin.epic5_bandit_propensities(text[], float8[], float8) IS
'Probability of each arm under the reference''s epsilon-greedy: epsilon spread over all arms, the rest on the arm with the largest average reward (ties: the first). Errors 22023 and 22003. Epic 5 domain model, 2.27.';

CREATE FUNCTION btwin.epic5_bandit_regret(pulls integer, total_reward float8, optimal float8 DEFAULT 1,
    OUT regret float8, OUT average_regret float8)
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
    -- the checked number itself is used: a column that nobody reads is never computed
    SELECT CASE WHEN n = 0 THEN 0 ELSE optimal * n - total_reward END,
           CASE WHEN n = 0 THEN 0 ELSE (optimal * n - total_reward) / n END
    FROM (SELECT btwin.check_range(pulls, 0, 2147483647, 'pulls') AS n) checked;
END;
COMMENT ON FUNCTION btwin.epic5_bandit_regret(integer, float8, float8) IS
'optimal * pulls - total_reward and its average per pull; 0 without pulls. Against the default optimum of 1 this is not regret: no arm pays 1. Error 22003 for negative pulls. Epic 5 domain model, 2.27.';
-- The data model, declared once as data: the tables of the learning platform
-- that btwin reads and writes (Epic 5 domain model, 1.1 to 1.6).
--
-- Creating, adopting, adapter views, window functions, indexes and doc/domain.md
-- are derived from these rows; nothing else in btwin lists a column. The rows
-- belong to the extension: they hold names and rules, never a learner's data.
--
-- To add a column: one row in domain_column (at the end of its table's list,
-- created tables keep the order), its value list in domain_enum, its foreign
-- key in domain_reference; then make the document anew (doc/domain.sql).

CREATE TABLE btwin.domain_type (
    type_class  text PRIMARY KEY,
    created_as  text NOT NULL,
    shown_as    text NOT NULL,
    accepted    text[] NOT NULL,
    needed      text NOT NULL,
    comment     text NOT NULL
);
COMMENT ON TABLE btwin.domain_type IS
'The classes of column types: what attach creates, what adapter views show, what an adopted column may be (Epic 5 domain model, section 0)';
COMMENT ON COLUMN btwin.domain_type.type_class IS 'Name of the class';
COMMENT ON COLUMN btwin.domain_type.created_as IS 'Type of a column in a table that attach creates';
COMMENT ON COLUMN btwin.domain_type.shown_as IS 'Type of the column in adapter views and window functions';
COMMENT ON COLUMN btwin.domain_type.accepted IS 'Types an adopted column may have, as format_type writes them without length; the class enum also accepts any enum';
COMMENT ON COLUMN btwin.domain_type.needed IS 'The same in words, for error messages';
COMMENT ON COLUMN btwin.domain_type.comment IS 'Meaning';

INSERT INTO btwin.domain_type (type_class, created_as, shown_as, accepted, needed, comment) VALUES
    ('id',         'text',             'text',                     '{text, character varying}',                               'text or varchar',                         'Key of a row; uuid and integer keys are not adopted'),
    ('text',       'text',             'text',                     '{text, character varying}',                               'text or varchar',                         'Text'),
    ('enum',       'text',             'text',                     '{text, character varying}',                               'an enum, text or varchar',                'One of a list of values; created as text with CHECK'),
    ('integer',    'integer',          'integer',                  '{integer, smallint}',                                     'integer or smallint',                     'Whole number'),
    ('float',      'double precision', 'double precision',         '{double precision, real, numeric}',                       'double precision, real or numeric',       'Number; created columns refuse NaN and infinity'),
    ('boolean',    'boolean',          'boolean',                  '{boolean}',                                               'boolean',                                 'Truth value'),
    ('moment',     'timestamptz',      'timestamp with time zone', '{timestamp without time zone, timestamp with time zone}', 'timestamp (meant as UTC) or timestamptz', 'Point in time; created columns refuse infinity'),
    ('json',       'jsonb',            'jsonb',                    '{jsonb, json}',                                           'jsonb or json',                           'Document'),
    ('text_array', 'text[]',           'text[]',                   '{text[], character varying[]}',                           'text[] or varchar[]',                     'List of texts');

CREATE TABLE btwin.domain_enum (
    enum_name   text PRIMARY KEY,
    allowed     text[] NOT NULL
);
COMMENT ON TABLE btwin.domain_enum IS
'The lists of allowed values, in their order of declaration (Epic 5 domain model, 1.1)';
COMMENT ON COLUMN btwin.domain_enum.enum_name IS 'Name of the list; PredictionFeedbackType is the list of the service contract, the only one its table knows';
COMMENT ON COLUMN btwin.domain_enum.allowed IS 'Values in order';

INSERT INTO btwin.domain_enum (enum_name, allowed) VALUES
    ('ObjectiveComplexity',    '{BASIC, INTERMEDIATE, ADVANCED}'),
    ('MasteryLevel',           '{NOT_STARTED, BEGINNER, INTERMEDIATE, ADVANCED, MASTERED}'),
    ('MissionStatus',          '{PENDING, IN_PROGRESS, COMPLETED, SKIPPED}'),
    ('CardType',               '{BASIC, CLOZE, CLINICAL_REASONING}'),
    ('ReviewRating',           '{AGAIN, HARD, GOOD, EASY}'),
    ('PromptType',             '{EXPLAIN_TO_PATIENT, CLINICAL_REASONING, CONTROLLED_FAILURE}'),
    ('CalibrationCategory',    '{OVERCONFIDENT, UNDERCONFIDENT, CALIBRATED, UNKNOWN}'),
    ('ProcessingStatus',       '{PENDING, PROCESSING, COMPLETED, FAILED, EMBEDDING, EMBEDDING_FAILED}'),
    ('EventType',              '{MISSION_STARTED, MISSION_COMPLETED, CARD_REVIEWED, VALIDATION_COMPLETED, SESSION_STARTED, SESSION_ENDED, LECTURE_UPLOADED, SEARCH_PERFORMED, GRAPH_VIEWED, RECOMMENDATION_VIEWED, RECOMMENDATION_CLICKED, RECOMMENDATION_DISMISSED, RECOMMENDATION_RATED}'),
    ('EngagementLevel',        '{LOW, MEDIUM, HIGH}'),
    ('CompletionQuality',      '{RUSHED, NORMAL, THOROUGH}'),
    ('BehavioralPatternType',  '{OPTIMAL_STUDY_TIME, SESSION_DURATION_PREFERENCE, CONTENT_TYPE_PREFERENCE, PERFORMANCE_PEAK, ATTENTION_CYCLE, FORGETTING_CURVE}'),
    ('InsightType',            '{STUDY_TIME_OPTIMIZATION, SESSION_LENGTH_ADJUSTMENT, CONTENT_PREFERENCE, RETENTION_STRATEGY}'),
    ('RecommendationStatus',   '{PENDING, VIEWED, DISMISSED, RATED}'),
    ('RecommendationType',     '{STUDY_TIME_OPTIMIZATION, SESSION_DURATION_ADJUSTMENT, CONTENT_TYPE_BALANCE, RETENTION_STRATEGY, CONSISTENCY_BUILDING, EXPERIMENTAL_SUGGESTION}'),
    ('ApplicationType',        '{AUTO, MANUAL, REMINDER, GOAL}'),
    ('BehavioralGoalType',     '{STUDY_TIME_CONSISTENCY, SESSION_DURATION, CONTENT_DIVERSIFICATION, RETENTION_IMPROVEMENT, CUSTOM}'),
    ('GoalStatus',             '{ACTIVE, COMPLETED, ABANDONED, PAUSED}'),
    ('NotificationType',       '{NEW_PATTERN, NEW_INSIGHT, GOAL_CREATED, GOAL_PROGRESS_25, GOAL_PROGRESS_50, GOAL_PROGRESS_75, GOAL_ACHIEVED, RECOMMENDATION_AVAILABLE, INTERVENTION_SUGGESTED}'),
    ('NotificationPriority',   '{LOW, NORMAL, HIGH}'),
    ('InterventionType',       '{PREREQUISITE_REVIEW, DIFFICULTY_PROGRESSION, SPACING_ADJUSTMENT, CONTENT_VARIATION, BREAK_RECOMMENDATION, FOCUS_SESSION, CONTENT_FORMAT_ADAPT, COGNITIVE_LOAD_REDUCE, SPACED_REPETITION_BOOST, BREAK_SCHEDULE_ADJUST}'),
    ('InterventionStatus',     '{PENDING, IN_PROGRESS, COMPLETED, SKIPPED, FAILED}'),
    ('PredictionStatus',       '{PENDING, CONFIRMED, FALSE_POSITIVE, MISSED, DISMISSED, RESOLVED}'),
    ('PredictionFeedbackType', '{HELPFUL, NOT_HELPFUL, INACCURATE, INTERVENTION_GOOD, INTERVENTION_BAD}'),
    ('IndicatorType',          '{BEHAVIORAL, PERFORMANCE, ENGAGEMENT, COGNITIVE, LOW_RETENTION, PREREQUISITE_GAP, COMPLEXITY_MISMATCH, COGNITIVE_OVERLOAD, HISTORICAL_STRUGGLE_PATTERN}'),
    ('Severity',               '{LOW, MEDIUM, HIGH, CRITICAL}'),
    ('AdaptationType',         '{TIMING, DURATION, DIFFICULTY, CONTENT_SELECTION, SESSION_STRUCTURE, BREAK_SCHEDULING, TIME_SHIFT, DURATION_CHANGE, INTENSITY_ADJUSTMENT, FREQUENCY_CHANGE}'),
    ('BurnoutRiskLevel',       '{LOW, MEDIUM, HIGH, CRITICAL}'),
    ('PersonalizationLevel',   '{NONE, LOW, MEDIUM, HIGH}'),
    ('PersonalizationContext', '{MISSION, CONTENT, ASSESSMENT, SESSION}'),
    ('ExperimentType',         '{AB_TEST, MULTIVARIATE, MULTI_ARMED_BANDIT}'),
    ('ExperimentStatus',       '{DRAFT, ACTIVE, COMPLETED, CANCELLED}'),
    ('OutcomeType',            '{MISSION_COMPLETED, SESSION_COMPLETED, ASSESSMENT_COMPLETED, CONTENT_ENGAGED}'),
    ('AchievementType',        '{STREAK_MILESTONE, OBJECTIVES_COMPLETED, CARDS_MASTERED, PERFECT_SESSION, EARLY_BIRD, NIGHT_OWL}'),
    ('AchievementTier',        '{BRONZE, SILVER, GOLD, PLATINUM}'),
    ('PaceRating',             '{TOO_SLOW, JUST_RIGHT, TOO_FAST}'),
    ('ContentSourceType',      '{LECTURE, FIRST_AID, EXTERNAL_ARTICLE, CONCEPT_NOTE, USER_NOTE}');

CREATE TABLE btwin.domain_table (
    table_name      name PRIMARY KEY,
    position        integer GENERATED ALWAYS AS IDENTITY,
    learner_column  name,
    learner_via     name,
    moment_column   name,
    written         boolean NOT NULL,
    comment         text NOT NULL,
    CHECK (learner_column IS NULL OR learner_via IS NULL)
);
COMMENT ON TABLE btwin.domain_table IS
'The tables of the data model, each after the tables it refers to (Epic 5 domain model, 1.2 and 1.3)';
COMMENT ON COLUMN btwin.domain_table.table_name IS 'Name of the table, of its adapter view and, with _window, of its window function';
COMMENT ON COLUMN btwin.domain_table.position IS 'Order: a table stands after those its foreign keys name';
COMMENT ON COLUMN btwin.domain_table.learner_column IS 'Column that holds the learner''s id; NULL: none, see learner_via';
COMMENT ON COLUMN btwin.domain_table.learner_via IS 'Column whose foreign key leads to the table that knows the learner; NULL with learner_column NULL: rows belong to no learner';
COMMENT ON COLUMN btwin.domain_table.moment_column IS 'The moment that gives a row its day; NULL: settings and things without a day. A table with a user_id and a moment has a window function';
COMMENT ON COLUMN btwin.domain_table.written IS 'btwin writes to the table, so an adopted enum must know every allowed value';
COMMENT ON COLUMN btwin.domain_table.comment IS 'What a row is';

INSERT INTO btwin.domain_table (table_name, learner_column, learner_via, moment_column, written, comment) VALUES
    ('users',                          'id',      NULL,           NULL,              false, 'Learners: the settings btwin honours. Other columns of the application are not touched.'),
    ('courses',                        'user_id', NULL,           NULL,              false, 'Courses. A course is the topic: topic_id is courses.id, its name the topic area.'),
    ('lectures',                       'user_id', NULL,           NULL,              false, 'Uploaded lectures of a course.'),
    ('learning_objectives',            NULL,      'lecture_id',   NULL,              false, 'What is to be learned, extracted from lectures. The learner is the owner of the lecture.'),
    ('objective_prerequisites',        NULL,      'objective_id', NULL,              false, 'Which objective must come before which.'),
    ('missions',                       'user_id', NULL,           'date',            true,  'Planned study: one mission is one plan for one day.'),
    ('cards',                          NULL,      'course_id',    NULL,              false, 'Flash cards. The learner is the owner of the course.'),
    ('study_sessions',                 'user_id', NULL,           'started_at',      false, 'Study sessions.'),
    ('reviews',                        'user_id', NULL,           'reviewed_at',     false, 'Reviews of cards.'),
    ('validation_prompts',             NULL,      NULL,           NULL,              false, 'Questions that validate understanding; they belong to no learner.'),
    ('validation_responses',           'user_id', NULL,           'responded_at',    false, 'Answers to validation prompts. Epic 5 selects them through the session.'),
    ('exams',                          'user_id', NULL,           'date',            false, 'Examination dates; there is no result column.'),
    ('performance_metrics',            'user_id', NULL,           'date',            false, 'One row per learner, objective and day.'),
    ('mission_feedback',               'user_id', NULL,           'submitted_at',    false, 'What learners said about missions.'),
    ('mission_streaks',                'user_id', NULL,           NULL,              false, 'Current and longest streak, one row per learner.'),
    ('achievements',                   'user_id', NULL,           'earned_at',       false, 'Achievements earned.'),
    ('content_recommendations',        'user_id', NULL,           'created_at',      false, 'Content offered to the learner (not the behavioural recommendations).'),
    ('recommendation_feedback',        'user_id', NULL,           'created_at',      false, 'Ratings of content recommendations.'),
    ('behavioral_events',              'user_id', NULL,           'timestamp',       false, 'Append-only event log.'),
    ('behavioral_patterns',            'user_id', NULL,           'last_seen_at',    true,  'Patterns found by analysis.'),
    ('behavioral_insights',            'user_id', NULL,           'created_at',      true,  'Insights composed from patterns.'),
    ('insight_patterns',               NULL,      'insight_id',   NULL,              true,  'Which insight was composed from which pattern.'),
    ('user_learning_profiles',         'user_id', NULL,           NULL,              true,  'The profile personalization acts on, one row per learner.'),
    ('personalization_preferences',    'user_id', NULL,           NULL,              true,  'What the learner wants personalized, one row per learner.'),
    ('personalization_configs',        'user_id', NULL,           'activated_at',    true,  'Configurations of personalization, one active per learner and context.'),
    ('personalization_effectiveness',  'user_id', NULL,           'start_date',      true,  'Effect of a configuration over a period.'),
    ('personalization_experiments',    'user_id', NULL,           'start_date',      true,  'Experiments.'),
    ('experiment_assignments',         'user_id', NULL,           'assigned_at',     true,  'Which learner got which variant.'),
    ('personalization_outcomes',       'user_id', NULL,           'timestamp',       true,  'Outcomes of missions, sessions and assessments.'),
    ('cognitive_load_metrics',         'user_id', NULL,           'timestamp',       true,  'Cognitive load as measured.'),
    ('burnout_risk_assessments',       'user_id', NULL,           'assessment_date', true,  'Burnout assessments.'),
    ('recommendations',                'user_id', NULL,           'created_at',      true,  'Behavioural recommendations.'),
    ('applied_recommendations',        'user_id', NULL,           'applied_at',      true,  'Recommendations acted upon, with figures before and after.'),
    ('behavioral_goals',               'user_id', NULL,           'created_at',      true,  'Goals.'),
    ('struggle_predictions',           'user_id', NULL,           'prediction_date', true,  'Predicted struggles.'),
    ('struggle_indicators',            'user_id', NULL,           'detected_at',     true,  'Signs of struggle.'),
    ('intervention_recommendations',   'user_id', NULL,           'created_at',      true,  'Interventions proposed.'),
    ('prediction_feedback',            'user_id', NULL,           'submitted_at',    true,  'What learners said about predictions.'),
    ('study_schedule_recommendations', 'user_id', NULL,           'created_at',      true,  'Study times recommended.'),
    ('schedule_adaptations',           'user_id', NULL,           'applied_at',      true,  'Changes made to the schedule.'),
    ('calendar_integrations',          'user_id', NULL,           NULL,              true,  'Connected calendar, one row per learner.'),
    ('session_orchestration_plans',    'user_id', NULL,           'created_at',      true,  'Plans of sessions.'),
    ('stress_response_patterns',       'user_id', NULL,           'detected_at',     true,  'Stress patterns.'),
    ('insight_notifications',          'user_id', NULL,           'created_at',      true,  'Notifications.');

CREATE TABLE btwin.domain_column (
    table_name      name NOT NULL REFERENCES btwin.domain_table,
    position        integer GENERATED ALWAYS AS IDENTITY,
    column_name     name NOT NULL,
    reference_name  name NOT NULL,
    type_class      text NOT NULL REFERENCES btwin.domain_type,
    enum_name       text REFERENCES btwin.domain_enum,
    not_null        boolean NOT NULL,
    may_be_unknown  boolean NOT NULL DEFAULT false,
    default_value   text,
    minimum         double precision,
    maximum         double precision,
    unit            text,
    secret          boolean NOT NULL,
    comment         text NOT NULL,
    PRIMARY KEY (table_name, column_name),
    UNIQUE (table_name, reference_name),
    CHECK ((type_class = 'enum') = (enum_name IS NOT NULL)),
    CHECK (minimum IS NULL AND maximum IS NULL OR type_class IN ('integer', 'float', 'text'))
);
COMMENT ON TABLE btwin.domain_column IS
'The columns of the data model (Epic 5 domain model, 1.2 and 1.3)';
COMMENT ON COLUMN btwin.domain_column.table_name IS 'Table';
COMMENT ON COLUMN btwin.domain_column.position IS 'Order within the table';
COMMENT ON COLUMN btwin.domain_column.column_name IS 'Name in created tables, adapter views and window functions';
COMMENT ON COLUMN btwin.domain_column.reference_name IS 'Name in the reference application''s own spelling, accepted in adopted tables';
COMMENT ON COLUMN btwin.domain_column.type_class IS 'Class of the type';
COMMENT ON COLUMN btwin.domain_column.enum_name IS 'List of allowed values, for the class enum';
COMMENT ON COLUMN btwin.domain_column.not_null IS 'The reference always has a value, and created columns are NOT NULL unless may_be_unknown';
COMMENT ON COLUMN btwin.domain_column.may_be_unknown IS 'Created columns allow NULL although the reference does not: logs of other sources do not know it';
COMMENT ON COLUMN btwin.domain_column.default_value IS 'Default of created columns, an SQL expression; NULL: none';
COMMENT ON COLUMN btwin.domain_column.minimum IS 'Smallest allowed value of created columns; NULL: unbounded';
COMMENT ON COLUMN btwin.domain_column.maximum IS 'Largest allowed value of created columns, of a text its length in characters; NULL: unbounded';
COMMENT ON COLUMN btwin.domain_column.unit IS 'Unit; score and probability are dimensionless';
COMMENT ON COLUMN btwin.domain_column.secret IS 'Never shown by adapter views and window functions';
COMMENT ON COLUMN btwin.domain_column.comment IS 'Meaning';

-- Every table has a key of its own. The default of created tables has the form
-- the reference's clients use, c and 24 of a-z0-9, and 90 random bits.
INSERT INTO btwin.domain_column (table_name, column_name, reference_name, type_class, not_null, default_value, secret, comment)
SELECT t.table_name, 'id', 'id', 'id', true,
       '''c'' || substr(replace(gen_random_uuid()::text, ''-'', ''''), 1, 24)',
       false, CASE t.table_name WHEN 'users' THEN 'Learner' ELSE 'Key' END
FROM btwin.domain_table t ORDER BY t.position;

INSERT INTO btwin.domain_column (table_name, column_name, reference_name, type_class, not_null, secret, comment)
SELECT t.table_name, 'user_id', 'userId', 'id', true, false, 'Learner'
FROM btwin.domain_table t WHERE t.learner_column = 'user_id' ORDER BY t.position;

INSERT INTO btwin.domain_column (table_name, column_name, reference_name, type_class, enum_name, not_null, default_value, minimum, maximum, unit, secret, comment) VALUES
    ('users', 'email',                            'email',                         'text',    NULL, false, NULL,       NULL, NULL, NULL,      false, 'Address, unique where known'),
    ('users', 'auto_generate_missions',           'autoGenerateMissions',          'boolean', NULL, true,  'true',     NULL, NULL, NULL,      false, 'Missions may be generated for this learner'),
    ('users', 'default_mission_minutes',          'defaultMissionMinutes',         'integer', NULL, true,  '50',       0,    NULL, 'minutes', false, 'Length of a mission when nothing is known'),
    ('users', 'mission_difficulty',               'missionDifficulty',             'text',    NULL, true,  '''AUTO''', NULL, NULL, NULL,      false, 'Wanted difficulty, AUTO lets the system choose'),
    ('users', 'preferred_study_time',             'preferredStudyTime',            'text',    NULL, false, NULL,       NULL, NULL, NULL,      false, 'Time of day the learner named, free text'),
    ('users', 'include_in_analytics',             'includeInAnalytics',            'boolean', NULL, true,  'true',     NULL, NULL, NULL,      false, 'False: counted in no cohort and no BI view'),
    ('users', 'performance_tracking_enabled',     'performanceTrackingEnabled',    'boolean', NULL, true,  'true',     NULL, NULL, NULL,      false, 'Performance rows may be kept'),
    ('users', 'last_mission_adaptation',          'lastMissionAdaptation',         'moment',  NULL, false, NULL,       NULL, NULL, NULL,      false, 'When missions were last adapted'),
    ('users', 'behavioral_analysis_enabled',      'behavioralAnalysisEnabled',     'boolean', NULL, true,  'true',     NULL, NULL, NULL,      false, 'False: no analysis of this learner at all'),
    ('users', 'learning_style_profiling_enabled', 'learningStyleProfilingEnabled', 'boolean', NULL, true,  'true',     NULL, NULL, NULL,      false, 'False: no exposure mix'),
    ('users', 'share_anonymized_patterns',        'shareAnonymizedPatterns',       'boolean', NULL, true,  'false',    NULL, NULL, NULL,      false, 'Shown as the flag shared in cohort views, gates nothing else'),
    ('users', 'share_peer_calibration_data',      'sharePeerCalibrationData',      'boolean', NULL, true,  'false',    NULL, NULL, NULL,      false, 'Calibration may be compared with peers'),
    ('users', 'created_at',                       'createdAt',                     'moment',  NULL, true,  'now()',    NULL, NULL, NULL,      false, 'When the account was created'),
    ('users', 'updated_at',                       'updatedAt',                     'moment',  NULL, true,  'now()',    NULL, NULL, NULL,      false, 'Last change');

INSERT INTO btwin.domain_column (table_name, column_name, reference_name, type_class, enum_name, not_null, default_value, minimum, maximum, unit, secret, comment) VALUES
    ('courses', 'name',       'name',      'text',   NULL, true,  NULL,    NULL, NULL, NULL, false, 'Name, the topic area'),
    ('courses', 'code',       'code',      'text',   NULL, false, NULL,    NULL, NULL, NULL, false, 'Course code'),
    ('courses', 'term',       'term',      'text',   NULL, false, NULL,    NULL, NULL, NULL, false, 'Term'),
    ('courses', 'color',      'color',     'text',   NULL, false, NULL,    NULL, NULL, NULL, false, 'Display colour'),
    ('courses', 'created_at', 'createdAt', 'moment', NULL, true,  'now()', NULL, NULL, NULL, false, 'When the course was created'),
    ('courses', 'updated_at', 'updatedAt', 'moment', NULL, true,  'now()', NULL, NULL, NULL, false, 'Last change');

INSERT INTO btwin.domain_column (table_name, column_name, reference_name, type_class, enum_name, not_null, default_value, minimum, maximum, unit, secret, comment) VALUES
    ('lectures', 'course_id',         'courseId',         'id',         NULL,               true,  NULL,          NULL, NULL, NULL,    false, 'Course'),
    ('lectures', 'title',             'title',            'text',       NULL,               true,  NULL,          NULL, NULL, NULL,    false, 'Title'),
    ('lectures', 'file_name',         'fileName',         'text',       NULL,               true,  NULL,          NULL, NULL, NULL,    false, 'Name of the file'),
    ('lectures', 'file_url',          'fileUrl',          'text',       NULL,               true,  NULL,          NULL, NULL, NULL,    false, 'Where the file is kept'),
    ('lectures', 'file_size',         'fileSize',         'integer',    NULL,               true,  NULL,          0,    NULL, 'bytes', false, 'Size of the file'),
    ('lectures', 'processing_status', 'processingStatus', 'enum',       'ProcessingStatus', true,  '''PENDING''', NULL, NULL, NULL,    false, 'State of the extraction'),
    ('lectures', 'uploaded_at',       'uploadedAt',       'moment',     NULL,               true,  'now()',       NULL, NULL, NULL,    false, 'When it was uploaded'),
    ('lectures', 'week_number',       'weekNumber',       'integer',    NULL,               false, NULL,          NULL, NULL, NULL,    false, 'Week of the course'),
    ('lectures', 'topic_tags',        'topicTags',        'text_array', NULL,               true,  '''{}''',      NULL, NULL, NULL,    false, 'Tags');

INSERT INTO btwin.domain_column (table_name, column_name, reference_name, type_class, enum_name, not_null, default_value, minimum, maximum, unit, secret, comment) VALUES
    ('learning_objectives', 'lecture_id',          'lectureId',        'id',         NULL,                  true,  NULL,               NULL, NULL, NULL,    false, 'Lecture, and through it the learner'),
    ('learning_objectives', 'objective',           'objective',        'text',       NULL,                  true,  NULL,               NULL, NULL, NULL,    false, 'What is to be learned'),
    ('learning_objectives', 'is_high_yield',       'isHighYield',      'boolean',    NULL,                  true,  'false',            NULL, NULL, NULL,    false, 'Often examined'),
    ('learning_objectives', 'extracted_by',        'extractedBy',      'text',       NULL,                  true,  NULL,               NULL, NULL, NULL,    false, 'What extracted it'),
    ('learning_objectives', 'created_at',          'createdAt',        'moment',     NULL,                  true,  'now()',            NULL, NULL, NULL,    false, 'When it was extracted'),
    ('learning_objectives', 'complexity',          'complexity',       'enum',       'ObjectiveComplexity', true,  '''INTERMEDIATE''', NULL, NULL, NULL,    false, 'Complexity'),
    ('learning_objectives', 'board_exam_tags',     'boardExamTags',    'text_array', NULL,                  true,  '''{}''',           NULL, NULL, NULL,    false, 'Examination tags'),
    ('learning_objectives', 'page_start',          'pageStart',        'integer',    NULL,                  false, NULL,               NULL, NULL, NULL,    false, 'First page'),
    ('learning_objectives', 'page_end',            'pageEnd',          'integer',    NULL,                  false, NULL,               NULL, NULL, NULL,    false, 'Last page'),
    ('learning_objectives', 'last_studied_at',     'lastStudiedAt',    'moment',     NULL,                  false, NULL,               NULL, NULL, NULL,    false, 'When it was last studied'),
    ('learning_objectives', 'mastery_level',       'masteryLevel',     'enum',       'MasteryLevel',        true,  '''NOT_STARTED''',  NULL, NULL, NULL,    false, 'Mastery as the application keeps it; mutable, never a feature of a model'),
    ('learning_objectives', 'total_study_time_ms', 'totalStudyTimeMs', 'integer',    NULL,                  true,  '0',                0,    NULL, 'ms',    false, 'Time studied so far'),
    ('learning_objectives', 'weakness_score',      'weaknessScore',    'float',      NULL,                  true,  '0.5',              0,    1,    'score', false, 'Higher is weaker; mutable, never a feature of a model');

INSERT INTO btwin.domain_column (table_name, column_name, reference_name, type_class, enum_name, not_null, default_value, minimum, maximum, unit, secret, comment) VALUES
    ('objective_prerequisites', 'objective_id',    'objectiveId',    'id',    NULL, true, NULL,  NULL, NULL, NULL, false, 'The objective that needs another one'),
    ('objective_prerequisites', 'prerequisite_id', 'prerequisiteId', 'id',    NULL, true, NULL,  NULL, NULL, NULL, false, 'The objective needed before it'),
    ('objective_prerequisites', 'strength',        'strength',       'float', NULL, true, '1.0', NULL, NULL, NULL, false, 'Strength of the need; no rule of Epic 5 reads it');

INSERT INTO btwin.domain_column (table_name, column_name, reference_name, type_class, enum_name, not_null, default_value, minimum, maximum, unit, secret, comment) VALUES
    ('missions', 'date',                       'date',                     'moment',  NULL,            true,  'now()',       NULL, NULL, NULL,      false, 'Day the mission is planned for, gives the row its day'),
    ('missions', 'status',                     'status',                   'enum',    'MissionStatus', true,  '''PENDING''', NULL, NULL, NULL,      false, 'State'),
    ('missions', 'estimated_minutes',          'estimatedMinutes',         'integer', NULL,            true,  NULL,          0,    NULL, 'minutes', false, 'Planned length'),
    ('missions', 'completed_at',               'completedAt',              'moment',  NULL,            false, NULL,          NULL, NULL, NULL,      false, 'When it was completed'),
    ('missions', 'review_card_count',          'reviewCardCount',          'integer', NULL,            true,  '0',           0,    NULL, 'cards',   false, 'Cards to review'),
    ('missions', 'new_content_count',          'newContentCount',          'integer', NULL,            true,  '0',           0,    NULL, 'cards',   false, 'New cards'),
    ('missions', 'actual_minutes',             'actualMinutes',            'integer', NULL,            false, NULL,          0,    NULL, 'minutes', false, 'Length it took'),
    ('missions', 'completed_objectives_count', 'completedObjectivesCount', 'integer', NULL,            true,  '0',           0,    NULL, NULL,      false, 'Objectives completed'),
    ('missions', 'objectives',                 'objectives',               'json',    NULL,            true,  NULL,          NULL, NULL, NULL,      false, 'Array of the planned objectives, sheet 1.5'),
    ('missions', 'difficulty_rating',          'difficultyRating',         'integer', NULL,            false, NULL,          1,    5,    NULL,      false, 'Rating by the learner'),
    ('missions', 'success_score',              'successScore',             'float',   NULL,            false, NULL,          0,    1,    'score',   false, 'Success of the mission'),
    ('missions', 'recommended_start_time',     'recommendedStartTime',     'moment',  NULL,            false, NULL,          NULL, NULL, NULL,      false, 'Recommended start'),
    ('missions', 'actual_start_time',          'actualStartTime',          'moment',  NULL,            false, NULL,          NULL, NULL, NULL,      false, 'Start'),
    ('missions', 'session_performance_score',  'sessionPerformanceScore',  'float',   NULL,            false, NULL,          0,    100,  'score',   false, 'Performance in the session'),
    ('missions', 'recommended_duration',       'recommendedDuration',      'integer', NULL,            false, NULL,          0,    NULL, 'minutes', false, 'Recommended length'),
    ('missions', 'actual_duration',            'actualDuration',           'integer', NULL,            false, NULL,          0,    NULL, 'minutes', false, 'Length');

INSERT INTO btwin.domain_column (table_name, column_name, reference_name, type_class, enum_name, not_null, default_value, minimum, maximum, unit, secret, comment) VALUES
    ('cards', 'course_id',        'courseId',       'id',      NULL,       true,  NULL,        NULL, NULL, NULL,          false, 'Course, and through it the learner'),
    ('cards', 'lecture_id',       'lectureId',      'id',      NULL,       false, NULL,        NULL, NULL, NULL,          false, 'Lecture'),
    ('cards', 'objective_id',     'objectiveId',    'id',      NULL,       false, NULL,        NULL, NULL, NULL,          false, 'Objective'),
    ('cards', 'front',            'front',          'text',    NULL,       true,  NULL,        NULL, NULL, NULL,          false, 'Question'),
    ('cards', 'back',             'back',           'text',    NULL,       true,  NULL,        NULL, NULL, NULL,          false, 'Answer'),
    ('cards', 'card_type',        'cardType',       'enum',    'CardType', true,  '''BASIC''', NULL, NULL, NULL,          false, 'Kind of card'),
    ('cards', 'created_at',       'createdAt',      'moment',  NULL,       true,  'now()',     NULL, NULL, NULL,          false, 'When it was made'),
    ('cards', 'difficulty',       'difficulty',     'float',   NULL,       true,  '0',         0,    10,   NULL,          false, 'Difficulty on the scheduler''s scale; mutable'),
    ('cards', 'stability',        'stability',      'float',   NULL,       true,  '0',         0,    NULL, 'days',        false, 'Stability; mutable, recomputed from reviews where a model needs it'),
    ('cards', 'retrievability',   'retrievability', 'float',   NULL,       true,  '0',         0,    1,    'probability', false, 'Recall probability when last computed'),
    ('cards', 'last_reviewed_at', 'lastReviewedAt', 'moment',  NULL,       false, NULL,        NULL, NULL, NULL,          false, 'Last review'),
    ('cards', 'next_review_at',   'nextReviewAt',   'moment',  NULL,       false, NULL,        NULL, NULL, NULL,          false, 'Next review'),
    ('cards', 'review_count',     'reviewCount',    'integer', NULL,       true,  '0',         0,    NULL, NULL,          false, 'Reviews so far'),
    ('cards', 'lapse_count',      'lapseCount',     'integer', NULL,       true,  '0',         0,    NULL, NULL,          false, 'Lapses so far');

INSERT INTO btwin.domain_column (table_name, column_name, reference_name, type_class, enum_name, not_null, default_value, minimum, maximum, unit, secret, comment) VALUES
    ('study_sessions', 'mission_id',              'missionId',             'id',      NULL, false, NULL,    NULL, NULL, NULL, false, 'Mission'),
    ('study_sessions', 'started_at',              'startedAt',             'moment',  NULL, true,  'now()', NULL, NULL, NULL, false, 'Start, gives the row its day'),
    ('study_sessions', 'completed_at',            'completedAt',           'moment',  NULL, false, NULL,    NULL, NULL, NULL, false, 'End; null while active, or abandoned'),
    ('study_sessions', 'duration_ms',             'durationMs',            'integer', NULL, false, NULL,    0,    NULL, 'ms', false, 'Length'),
    ('study_sessions', 'reviews_completed',       'reviewsCompleted',      'integer', NULL, true,  '0',     0,    NULL, NULL, false, 'Reviews done'),
    ('study_sessions', 'new_cards_studied',       'newCardsStudied',       'integer', NULL, true,  '0',     0,    NULL, NULL, false, 'New cards studied'),
    ('study_sessions', 'session_notes',           'sessionNotes',          'text',    NULL, false, NULL,    NULL, NULL, NULL, false, 'Notes of the learner'),
    ('study_sessions', 'current_objective_index', 'currentObjectiveIndex', 'integer', NULL, true,  '0',     0,    NULL, NULL, false, 'Objective being studied'),
    ('study_sessions', 'mission_objectives',      'missionObjectives',     'json',    NULL, false, NULL,    NULL, NULL, NULL, false, 'Objectives of the mission, copied'),
    ('study_sessions', 'objective_completions',   'objectiveCompletions',  'json',    NULL, false, NULL,    NULL, NULL, NULL, false, 'Array of completions with self assessment 1-5, sheet 1.5');

INSERT INTO btwin.domain_column (table_name, column_name, reference_name, type_class, enum_name, not_null, default_value, minimum, maximum, unit, secret, comment) VALUES
    ('reviews', 'card_id',           'cardId',           'id',      NULL,           true,  NULL,    NULL, NULL, NULL,   false, 'Card'),
    ('reviews', 'session_id',        'sessionId',        'id',      NULL,           false, NULL,    NULL, NULL, NULL,   false, 'Session'),
    ('reviews', 'rating',            'rating',           'enum',    'ReviewRating', true,  NULL,    NULL, NULL, NULL,   false, 'Rating; GOOD and EASY are good reviews, AGAIN a lapse'),
    ('reviews', 'time_spent_ms',     'timeSpentMs',      'integer', NULL,           true,  NULL,    0,    NULL, 'ms',   false, 'Answer time'),
    ('reviews', 'reviewed_at',       'reviewedAt',       'moment',  NULL,           true,  'now()', NULL, NULL, NULL,   false, 'When, gives the row its day'),
    ('reviews', 'difficulty_before', 'difficultyBefore', 'float',   NULL,           true,  NULL,    NULL, NULL, NULL,   false, 'Scheduler difficulty before'),
    ('reviews', 'stability_before',  'stabilityBefore',  'float',   NULL,           true,  NULL,    0,    NULL, 'days', false, 'Stability before'),
    ('reviews', 'difficulty_after',  'difficultyAfter',  'float',   NULL,           true,  NULL,    NULL, NULL, NULL,   false, 'Scheduler difficulty after'),
    ('reviews', 'stability_after',   'stabilityAfter',   'float',   NULL,           true,  NULL,    0,    NULL, 'days', false, 'Stability after');

INSERT INTO btwin.domain_column (table_name, column_name, reference_name, type_class, enum_name, not_null, default_value, minimum, maximum, unit, secret, comment) VALUES
    ('validation_prompts', 'prompt_text',          'promptText',          'text',       NULL,         true,  NULL,     NULL, NULL, NULL, false, 'Question'),
    ('validation_prompts', 'prompt_type',          'promptType',          'enum',       'PromptType', true,  NULL,     NULL, NULL, NULL, false, 'Kind'),
    ('validation_prompts', 'concept_name',         'conceptName',         'text',       NULL,         true,  NULL,     NULL, NULL, NULL, false, 'Concept asked for'),
    ('validation_prompts', 'expected_criteria',    'expectedCriteria',    'text_array', NULL,         true,  '''{}''', NULL, NULL, NULL, false, 'What a good answer holds'),
    ('validation_prompts', 'created_at',           'createdAt',           'moment',     NULL,         true,  'now()',  NULL, NULL, NULL, false, 'When it was written'),
    ('validation_prompts', 'objective_id',         'objectiveId',         'id',         NULL,         false, NULL,     NULL, NULL, NULL, false, 'Objective, without a foreign key'),
    ('validation_prompts', 'prompt_data',          'promptData',          'json',       NULL,         false, NULL,     NULL, NULL, NULL, false, 'Further data'),
    ('validation_prompts', 'difficulty_level',     'difficultyLevel',     'float',      NULL,         false, '0.5',    NULL, NULL, NULL, false, 'Difficulty'),
    ('validation_prompts', 'times_used',           'timesUsed',           'integer',    NULL,         true,  '0',      0,    NULL, NULL, false, 'How often asked'),
    ('validation_prompts', 'last_used_at',         'lastUsedAt',          'moment',     NULL,         false, NULL,     NULL, NULL, NULL, false, 'When last asked'),
    ('validation_prompts', 'discrimination_index', 'discriminationIndex', 'float',      NULL,         false, '0.5',    NULL, NULL, NULL, false, 'Discrimination');

INSERT INTO btwin.domain_column (table_name, column_name, reference_name, type_class, enum_name, not_null, default_value, minimum, maximum, unit, secret, comment) VALUES
    ('validation_responses', 'prompt_id',                 'promptId',                'id',      NULL,                  true,  NULL,    NULL, NULL, NULL,    false, 'Prompt'),
    ('validation_responses', 'session_id',                'sessionId',               'id',      NULL,                  false, NULL,    NULL, NULL, NULL,    false, 'Session'),
    ('validation_responses', 'user_answer',               'userAnswer',              'text',    NULL,                  true,  NULL,    NULL, NULL, NULL,    false, 'Answer'),
    ('validation_responses', 'ai_evaluation',             'aiEvaluation',            'text',    NULL,                  true,  NULL,    NULL, NULL, NULL,    false, 'Evaluation as text'),
    ('validation_responses', 'score',                     'score',                   'float',   NULL,                  true,  NULL,    0,    1,    'score', false, 'Score'),
    ('validation_responses', 'confidence',                'confidence',              'float',   NULL,                  false, NULL,    NULL, NULL, NULL,    false, 'Confidence'),
    ('validation_responses', 'pre_assessment_confidence', 'preAssessmentConfidence', 'float',   NULL,                  false, NULL,    NULL, NULL, NULL,    false, 'Confidence before answering'),
    ('validation_responses', 'responded_at',              'respondedAt',             'moment',  NULL,                  true,  'now()', NULL, NULL, NULL,    false, 'When, gives the row its day'),
    ('validation_responses', 'confidence_level',          'confidenceLevel',         'integer', NULL,                  false, NULL,    1,    5,    NULL,    false, 'Confidence in five steps'),
    ('validation_responses', 'calibration_delta',         'calibrationDelta',        'float',   NULL,                  false, NULL,    NULL, NULL, NULL,    false, 'Stated confidence minus score'),
    ('validation_responses', 'calibration_category',      'calibrationCategory',     'enum',    'CalibrationCategory', false, NULL,    NULL, NULL, NULL,    false, 'Calibration'),
    ('validation_responses', 'detailed_feedback',         'detailedFeedback',        'json',    NULL,                  false, NULL,    NULL, NULL, NULL,    false, 'Feedback'),
    ('validation_responses', 'reflection_notes',          'reflectionNotes',         'text',    NULL,                  false, NULL,    NULL, NULL, NULL,    false, 'Notes of the learner'),
    ('validation_responses', 'skipped',                   'skipped',                 'boolean', NULL,                  true,  'false', NULL, NULL, NULL,    false, 'Not answered'),
    ('validation_responses', 'updated_at',                'updatedAt',               'moment',  NULL,                  false, 'now()', NULL, NULL, NULL,    false, 'Last change'),
    ('validation_responses', 'initial_difficulty',        'initialDifficulty',       'float',   NULL,                  false, NULL,    NULL, NULL, NULL,    false, 'Difficulty first offered');

INSERT INTO btwin.domain_column (table_name, column_name, reference_name, type_class, enum_name, not_null, default_value, minimum, maximum, unit, secret, comment) VALUES
    ('exams', 'name',            'name',           'text',       NULL, true, NULL,     NULL, NULL, NULL, false, 'Name'),
    ('exams', 'date',            'date',           'moment',     NULL, true, NULL,     NULL, NULL, NULL, false, 'When it takes place'),
    ('exams', 'course_id',       'courseId',       'id',         NULL, true, NULL,     NULL, NULL, NULL, false, 'Course'),
    ('exams', 'coverage_topics', 'coverageTopics', 'text_array', NULL, true, '''{}''', NULL, NULL, NULL, false, 'Topics covered'),
    ('exams', 'created_at',      'createdAt',      'moment',     NULL, true, 'now()',  NULL, NULL, NULL, false, 'When it was entered'),
    ('exams', 'updated_at',      'updatedAt',      'moment',     NULL, true, 'now()',  NULL, NULL, NULL, false, 'Last change');

INSERT INTO btwin.domain_column (table_name, column_name, reference_name, type_class, enum_name, not_null, default_value, minimum, maximum, unit, secret, comment) VALUES
    ('performance_metrics', 'learning_objective_id', 'learningObjectiveId', 'id',      NULL, true, NULL,    NULL, NULL, NULL,    false, 'Objective'),
    ('performance_metrics', 'date',                  'date',                'moment',  NULL, true, 'now()', NULL, NULL, NULL,    false, 'Day, midnight local to the writer'),
    ('performance_metrics', 'retention_score',       'retentionScore',      'float',   NULL, true, NULL,    0,    1,    'score', false, 'Retention'),
    ('performance_metrics', 'study_time_ms',         'studyTimeMs',         'integer', NULL, true, NULL,    0,    NULL, 'ms',    false, 'Time studied'),
    ('performance_metrics', 'review_count',          'reviewCount',         'integer', NULL, true, NULL,    0,    NULL, NULL,    false, 'Reviews'),
    ('performance_metrics', 'correct_reviews',       'correctReviews',      'integer', NULL, true, NULL,    0,    NULL, NULL,    false, 'Reviews rated GOOD or EASY'),
    ('performance_metrics', 'incorrect_reviews',     'incorrectReviews',    'integer', NULL, true, NULL,    0,    NULL, NULL,    false, 'Reviews rated AGAIN or HARD'),
    ('performance_metrics', 'created_at',            'createdAt',           'moment',  NULL, true, 'now()', NULL, NULL, NULL,    false, 'When it was written');

INSERT INTO btwin.domain_column (table_name, column_name, reference_name, type_class, enum_name, not_null, default_value, minimum, maximum, unit, secret, comment) VALUES
    ('mission_feedback', 'mission_id',              'missionId',              'id',      NULL,         true,  NULL,    NULL, NULL, NULL, false, 'Mission'),
    ('mission_feedback', 'helpfulness_rating',      'helpfulnessRating',      'integer', NULL,         true,  NULL,    1,    5,    NULL, false, 'Helpfulness'),
    ('mission_feedback', 'relevance_score',         'relevanceScore',         'integer', NULL,         true,  NULL,    NULL, NULL, NULL, false, 'Relevance'),
    ('mission_feedback', 'pace_rating',             'paceRating',             'enum',    'PaceRating', true,  NULL,    NULL, NULL, NULL, false, 'Pace'),
    ('mission_feedback', 'improvement_suggestions', 'improvementSuggestions', 'text',    NULL,         false, NULL,    NULL, NULL, NULL, false, 'Suggestions'),
    ('mission_feedback', 'submitted_at',            'submittedAt',            'moment',  NULL,         true,  'now()', NULL, NULL, NULL, false, 'When');

INSERT INTO btwin.domain_column (table_name, column_name, reference_name, type_class, enum_name, not_null, default_value, minimum, maximum, unit, secret, comment) VALUES
    ('mission_streaks', 'current_streak',      'currentStreak',     'integer', NULL, true,  '0',  0,    NULL, 'days', false, 'Current streak'),
    ('mission_streaks', 'longest_streak',      'longestStreak',     'integer', NULL, true,  '0',  0,    NULL, 'days', false, 'Longest streak'),
    ('mission_streaks', 'last_completed_date', 'lastCompletedDate', 'moment',  NULL, false, NULL, NULL, NULL, NULL,   false, 'Day of the last completed mission');

INSERT INTO btwin.domain_column (table_name, column_name, reference_name, type_class, enum_name, not_null, default_value, minimum, maximum, unit, secret, comment) VALUES
    ('achievements', 'type',        'type',        'enum',   'AchievementType', true,  NULL,         NULL, NULL, NULL, false, 'Kind'),
    ('achievements', 'name',        'name',        'text',   NULL,              true,  NULL,         NULL, NULL, NULL, false, 'Name'),
    ('achievements', 'description', 'description', 'text',   NULL,              true,  NULL,         NULL, NULL, NULL, false, 'Description'),
    ('achievements', 'tier',        'tier',        'enum',   'AchievementTier', true,  '''BRONZE''', NULL, NULL, NULL, false, 'Tier'),
    ('achievements', 'earned_at',   'earnedAt',    'moment', NULL,              true,  'now()',      NULL, NULL, NULL, false, 'When'),
    ('achievements', 'metadata',    'metadata',    'json',   NULL,              false, NULL,         NULL, NULL, NULL, false, 'Further data');

INSERT INTO btwin.domain_column (table_name, column_name, reference_name, type_class, enum_name, not_null, default_value, minimum, maximum, unit, secret, comment) VALUES
    ('content_recommendations', 'recommended_content_id', 'recommendedContentId', 'id',     NULL,                   true,  NULL,          NULL, NULL, NULL, false, 'Content offered'),
    ('content_recommendations', 'source_content_id',      'sourceContentId',      'id',     NULL,                   false, NULL,          NULL, NULL, NULL, false, 'Content it was derived from'),
    ('content_recommendations', 'score',                  'score',                'float',  NULL,                   false, NULL,          NULL, NULL, NULL, false, 'Score of the recommender'),
    ('content_recommendations', 'reasoning',              'reasoning',            'text',   NULL,                   false, NULL,          NULL, NULL, NULL, false, 'Why'),
    ('content_recommendations', 'status',                 'status',               'enum',   'RecommendationStatus', true,  '''PENDING''', NULL, NULL, NULL, false, 'State'),
    ('content_recommendations', 'context_type',           'contextType',          'text',   NULL,                   false, NULL,          NULL, NULL, NULL, false, 'Where it was shown'),
    ('content_recommendations', 'context_id',             'contextId',            'id',     NULL,                   false, NULL,          NULL, NULL, NULL, false, 'What it was shown beside'),
    ('content_recommendations', 'source_type',            'sourceType',           'enum',   'ContentSourceType',    false, NULL,          NULL, NULL, NULL, false, 'Kind of the content'),
    ('content_recommendations', 'created_at',             'createdAt',            'moment', NULL,                   true,  'now()',       NULL, NULL, NULL, false, 'When offered'),
    ('content_recommendations', 'viewed_at',              'viewedAt',             'moment', NULL,                   false, NULL,          NULL, NULL, NULL, false, 'When viewed'),
    ('content_recommendations', 'dismissed_at',           'dismissedAt',          'moment', NULL,                   false, NULL,          NULL, NULL, NULL, false, 'When dismissed');

INSERT INTO btwin.domain_column (table_name, column_name, reference_name, type_class, enum_name, not_null, default_value, minimum, maximum, unit, secret, comment) VALUES
    ('recommendation_feedback', 'recommendation_id', 'recommendationId', 'id',      NULL, true,  NULL,    NULL, NULL, NULL, false, 'Content recommendation'),
    ('recommendation_feedback', 'rating',            'rating',           'integer', NULL, false, NULL,    1,    5,    NULL, false, 'Rating'),
    ('recommendation_feedback', 'feedback_text',     'feedbackText',     'text',    NULL, false, NULL,    NULL, NULL, NULL, false, 'Comment'),
    ('recommendation_feedback', 'helpful',           'helpful',          'boolean', NULL, false, NULL,    NULL, NULL, NULL, false, 'Found helpful'),
    ('recommendation_feedback', 'created_at',        'createdAt',        'moment',  NULL, true,  'now()', NULL, NULL, NULL, false, 'When');

INSERT INTO btwin.domain_column (table_name, column_name, reference_name, type_class, enum_name, not_null, default_value, minimum, maximum, unit, secret, comment) VALUES
    ('behavioral_events', 'event_type',                'eventType',               'enum',    'EventType',         true,  NULL,    NULL, NULL, NULL,    false, 'Kind of event'),
    ('behavioral_events', 'event_data',                'eventData',               'json',    NULL,                true,  NULL,    NULL, NULL, NULL,    false, 'Keys read: durationMs, completed, engagementScore 0-1, hasDiagram, retention 0-1, objectiveIds, sessionId'),
    ('behavioral_events', 'timestamp',                 'timestamp',               'moment',  NULL,                true,  'now()', NULL, NULL, NULL,    false, 'When, gives the row its day'),
    ('behavioral_events', 'completion_quality',        'completionQuality',       'enum',    'CompletionQuality', false, NULL,    NULL, NULL, NULL,    false, 'Quality of the completion'),
    ('behavioral_events', 'content_type',              'contentType',             'text',    NULL,                false, NULL,    NULL, NULL, NULL,    false, 'lecture, flashcard, validation, clinical_reasoning'),
    ('behavioral_events', 'day_of_week',               'dayOfWeek',               'integer', NULL,                false, NULL,    0,    6,    NULL,    false, 'As the application wrote it: 0 is Sunday or Monday; never trusted, weekdays are computed'),
    ('behavioral_events', 'difficulty_level',          'difficultyLevel',         'text',    NULL,                false, NULL,    NULL, NULL, NULL,    false, 'Difficulty'),
    ('behavioral_events', 'engagement_level',          'engagementLevel',         'enum',    'EngagementLevel',   false, NULL,    NULL, NULL, NULL,    false, 'Engagement'),
    ('behavioral_events', 'session_performance_score', 'sessionPerformanceScore', 'integer', NULL,                false, NULL,    0,    100,  'score', false, 'Performance'),
    ('behavioral_events', 'time_of_day',               'timeOfDay',               'integer', NULL,                false, NULL,    0,    23,   'hour',  false, 'As the application wrote it, in an unknown time zone; never trusted, hours are computed'),
    ('behavioral_events', 'experiment_phase',          'experimentPhase',         'text',    NULL,                false, NULL,    NULL, NULL, NULL,    false, 'Phase of a single-case experiment'),
    ('behavioral_events', 'randomization_seed',        'randomizationSeed',       'integer', NULL,                false, NULL,    NULL, NULL, NULL,    false, 'Seed of that experiment'),
    ('behavioral_events', 'context_metadata_id',       'contextMetadataId',       'id',      NULL,                false, NULL,    NULL, NULL, NULL,    false, 'Row of the research table context_metadata, which btwin does not read');

INSERT INTO btwin.domain_column (table_name, column_name, reference_name, type_class, enum_name, not_null, default_value, minimum, maximum, unit, secret, comment) VALUES
    ('behavioral_patterns', 'pattern_type',      'patternType',     'enum',       'BehavioralPatternType', true,  NULL,     NULL, NULL, NULL,    false, 'Kind'),
    ('behavioral_patterns', 'pattern_data',      'patternData',     'json',       NULL,                    true,  NULL,     NULL, NULL, NULL,    false, 'Data by kind, sheet 2.1'),
    ('behavioral_patterns', 'confidence',        'confidence',      'float',      NULL,                    true,  NULL,     0,    1,    'score', false, 'Confidence'),
    ('behavioral_patterns', 'first_detected_at', 'firstDetectedAt', 'moment',     NULL,                    true,  'now()',  NULL, NULL, NULL,    false, 'First seen'),
    ('behavioral_patterns', 'last_seen_at',      'lastSeenAt',      'moment',     NULL,                    true,  'now()',  NULL, NULL, NULL,    false, 'Last seen, gives the row its day'),
    ('behavioral_patterns', 'pattern_name',      'patternName',     'text',       NULL,                    false, NULL,     NULL, NULL, NULL,    false, 'Name'),
    ('behavioral_patterns', 'evidence',          'evidence',        'text_array', NULL,                    true,  '''{}''', NULL, NULL, NULL,    false, 'Evidence in words'),
    ('behavioral_patterns', 'occurrence_count',  'occurrenceCount', 'integer',    NULL,                    true,  '0',      0,    NULL, NULL,    false, 'How often seen'),
    ('behavioral_patterns', 'detected_at',       'detectedAt',      'moment',     NULL,                    true,  'now()',  NULL, NULL, NULL,    false, 'Same as first_detected_at');

INSERT INTO btwin.domain_column (table_name, column_name, reference_name, type_class, enum_name, not_null, default_value, minimum, maximum, unit, secret, comment) VALUES
    ('behavioral_insights', 'insight_type',              'insightType',              'enum',    'InsightType', true,  NULL,    NULL, NULL, NULL,    false, 'Kind'),
    ('behavioral_insights', 'title',                     'title',                    'text',    NULL,          true,  NULL,    NULL, NULL, NULL,    false, 'Title'),
    ('behavioral_insights', 'description',               'description',              'text',    NULL,          true,  NULL,    NULL, NULL, NULL,    false, 'Description'),
    ('behavioral_insights', 'actionable_recommendation', 'actionableRecommendation', 'text',    NULL,          true,  NULL,    NULL, NULL, NULL,    false, 'What to do'),
    ('behavioral_insights', 'confidence',                'confidence',               'float',   NULL,          true,  NULL,    0,    1,    'score', false, 'Confidence'),
    ('behavioral_insights', 'created_at',                'createdAt',                'moment',  NULL,          true,  'now()', NULL, NULL, NULL,    false, 'When, gives the row its day'),
    ('behavioral_insights', 'acknowledged_at',           'acknowledgedAt',           'moment',  NULL,          false, NULL,    NULL, NULL, NULL,    false, 'When acknowledged; null is open'),
    ('behavioral_insights', 'applied',                   'applied',                  'boolean', NULL,          true,  'false', NULL, NULL, NULL,    false, 'Acted upon');

INSERT INTO btwin.domain_column (table_name, column_name, reference_name, type_class, enum_name, not_null, default_value, minimum, maximum, unit, secret, comment) VALUES
    ('insight_patterns', 'insight_id', 'insightId', 'id', NULL, true, NULL, NULL, NULL, NULL, false, 'Insight, and through it the learner'),
    ('insight_patterns', 'pattern_id', 'patternId', 'id', NULL, true, NULL, NULL, NULL, NULL, false, 'Pattern');

INSERT INTO btwin.domain_column (table_name, column_name, reference_name, type_class, enum_name, not_null, default_value, minimum, maximum, unit, secret, comment) VALUES
    ('user_learning_profiles', 'preferred_study_times',         'preferredStudyTimes',         'json',    NULL, true, NULL,    NULL, NULL, NULL,      false, 'Array of weekday, hours and effectiveness, sheet 1.5'),
    ('user_learning_profiles', 'average_session_duration',      'averageSessionDuration',      'integer', NULL, true, NULL,    0,    NULL, 'minutes', false, 'Mean session'),
    ('user_learning_profiles', 'optimal_session_duration',      'optimalSessionDuration',      'integer', NULL, true, NULL,    15,   180,  'minutes', false, 'Best session: analysis writes 30 to 90, a learner may set 15 to 180'),
    ('user_learning_profiles', 'content_preferences',           'contentPreferences',          'json',    NULL, true, NULL,    NULL, NULL, NULL,      false, 'Shares by content type, sheet 1.5'),
    ('user_learning_profiles', 'learning_style_profile',        'learningStyleProfile',        'json',    NULL, true, NULL,    NULL, NULL, NULL,      false, 'Exposure mix and stress data, sheet 1.5'),
    ('user_learning_profiles', 'personalized_forgetting_curve', 'personalizedForgettingCurve', 'json',    NULL, true, NULL,    NULL, NULL, NULL,      false, 'Forgetting curve, sheet 1.5'),
    ('user_learning_profiles', 'last_analyzed_at',              'lastAnalyzedAt',              'moment',  NULL, true, 'now()', NULL, NULL, NULL,      false, 'Last analysis'),
    ('user_learning_profiles', 'data_quality_score',            'dataQualityScore',            'float',   NULL, true, '0.0',   0,    1,    'score',   false, 'Quality of the data behind the profile');

INSERT INTO btwin.domain_column (table_name, column_name, reference_name, type_class, enum_name, not_null, default_value, minimum, maximum, unit, secret, comment) VALUES
    ('personalization_preferences', 'personalization_level',              'personalizationLevel',             'enum',       'PersonalizationLevel', true,  '''MEDIUM''', NULL, NULL, NULL, false, 'How much'),
    ('personalization_preferences', 'auto_adapt_enabled',                 'autoAdaptEnabled',                 'boolean',    NULL,                   true,  'true',       NULL, NULL, NULL, false, 'Adapt without asking'),
    ('personalization_preferences', 'mission_personalization_enabled',    'missionPersonalizationEnabled',    'boolean',    NULL,                   true,  'true',       NULL, NULL, NULL, false, 'Missions'),
    ('personalization_preferences', 'content_personalization_enabled',    'contentPersonalizationEnabled',    'boolean',    NULL,                   true,  'true',       NULL, NULL, NULL, false, 'Content'),
    ('personalization_preferences', 'assessment_personalization_enabled', 'assessmentPersonalizationEnabled', 'boolean',    NULL,                   true,  'true',       NULL, NULL, NULL, false, 'Assessments'),
    ('personalization_preferences', 'session_personalization_enabled',    'sessionPersonalizationEnabled',    'boolean',    NULL,                   true,  'true',       NULL, NULL, NULL, false, 'Sessions'),
    ('personalization_preferences', 'disabled_features',                  'disabledFeatures',                 'text_array', NULL,                   true,  '''{}''',     NULL, NULL, NULL, false, 'Features switched off'),
    ('personalization_preferences', 'created_at',                         'createdAt',                        'moment',     NULL,                   true,  'now()',      NULL, NULL, NULL, false, 'When written first'),
    ('personalization_preferences', 'updated_at',                         'updatedAt',                        'moment',     NULL,                   true,  'now()',      NULL, NULL, NULL, false, 'Last change'),
    ('personalization_preferences', 'last_reset_at',                      'lastResetAt',                      'moment',     NULL,                   false, NULL,         NULL, NULL, NULL, false, 'Last reset');

INSERT INTO btwin.domain_column (table_name, column_name, reference_name, type_class, enum_name, not_null, default_value, minimum, maximum, unit, secret, comment) VALUES
    ('personalization_configs', 'preferences_id',             'preferencesId',             'id',      NULL,                     true,  NULL,    NULL, NULL, NULL,    false, 'Preferences'),
    ('personalization_configs', 'context',                    'context',                   'enum',    'PersonalizationContext', true,  NULL,    NULL, NULL, NULL,    false, 'Context'),
    ('personalization_configs', 'strategy_variant',           'strategyVariant',           'text',    NULL,                     true,  NULL,    NULL, NULL, NULL,    false, 'Strategy: pattern_heavy, prediction_heavy, balanced, conservative'),
    ('personalization_configs', 'mission_personalization',    'missionPersonalization',    'json',    NULL,                     false, NULL,    NULL, NULL, NULL,    false, 'Parameters, where the context is MISSION'),
    ('personalization_configs', 'content_personalization',    'contentPersonalization',    'json',    NULL,                     false, NULL,    NULL, NULL, NULL,    false, 'Parameters, where the context is CONTENT'),
    ('personalization_configs', 'assessment_personalization', 'assessmentPersonalization', 'json',    NULL,                     false, NULL,    NULL, NULL, NULL,    false, 'Parameters, where the context is ASSESSMENT'),
    ('personalization_configs', 'session_personalization',    'sessionPersonalization',    'json',    NULL,                     false, NULL,    NULL, NULL, NULL,    false, 'Parameters, where the context is SESSION'),
    ('personalization_configs', 'effectiveness_score',        'effectivenessScore',        'float',   NULL,                     false, NULL,    0,    100,  'score', false, 'Effectiveness'),
    ('personalization_configs', 'confidence_score',           'confidenceScore',           'float',   NULL,                     true,  '0.7',   0,    1,    'score', false, 'Confidence'),
    ('personalization_configs', 'times_selected',             'timesSelected',             'integer', NULL,                     true,  '0',     0,    NULL, NULL,    false, 'Times chosen by the bandit'),
    ('personalization_configs', 'total_reward',               'totalReward',               'float',   NULL,                     true,  '0',     NULL, NULL, NULL,    false, 'Sum of rewards'),
    ('personalization_configs', 'avg_reward',                 'avgReward',                 'float',   NULL,                     true,  '0',     NULL, NULL, NULL,    false, 'Mean reward'),
    ('personalization_configs', 'is_active',                  'isActive',                  'boolean', NULL,                     true,  'true',  NULL, NULL, NULL,    false, 'In force'),
    ('personalization_configs', 'activated_at',               'activatedAt',               'moment',  NULL,                     true,  'now()', NULL, NULL, NULL,    false, 'When put in force, gives the row its day'),
    ('personalization_configs', 'deactivated_at',             'deactivatedAt',             'moment',  NULL,                     false, NULL,    NULL, NULL, NULL,    false, 'When taken out of force'),
    ('personalization_configs', 'created_at',                 'createdAt',                 'moment',  NULL,                     true,  'now()', NULL, NULL, NULL,    false, 'When written first'),
    ('personalization_configs', 'updated_at',                 'updatedAt',                 'moment',  NULL,                     true,  'now()', NULL, NULL, NULL,    false, 'Last change');

INSERT INTO btwin.domain_column (table_name, column_name, reference_name, type_class, enum_name, not_null, default_value, minimum, maximum, unit, secret, comment) VALUES
    ('personalization_effectiveness', 'config_id',                    'configId',                   'id',      NULL, true,  NULL,    NULL, NULL, NULL,          false, 'Configuration'),
    ('personalization_effectiveness', 'start_date',                   'startDate',                  'moment',  NULL, true,  NULL,    NULL, NULL, NULL,          false, 'Start, gives the row its day'),
    ('personalization_effectiveness', 'end_date',                     'endDate',                    'moment',  NULL, true,  NULL,    NULL, NULL, NULL,          false, 'End'),
    ('personalization_effectiveness', 'retention_improvement',        'retentionImprovement',       'float',   NULL, false, NULL,    NULL, NULL, 'percent',     false, 'Against the baseline'),
    ('personalization_effectiveness', 'performance_improvement',      'performanceImprovement',     'float',   NULL, false, NULL,    NULL, NULL, 'percent',     false, 'Against the baseline'),
    ('personalization_effectiveness', 'completion_rate_change',       'completionRateChange',       'float',   NULL, false, NULL,    NULL, NULL, 'percent',     false, 'Against the baseline'),
    ('personalization_effectiveness', 'engagement_change',            'engagementChange',           'float',   NULL, false, NULL,    NULL, NULL, 'percent',     false, 'Against the baseline'),
    ('personalization_effectiveness', 'sample_size',                  'sampleSize',                 'integer', NULL, true,  NULL,    0,    NULL, NULL,          false, 'Data points'),
    ('personalization_effectiveness', 'correlation',                  'correlation',                'float',   NULL, false, NULL,    -1,   1,    NULL,          false, 'Pearson correlation'),
    ('personalization_effectiveness', 'p_value',                      'pValue',                     'float',   NULL, false, NULL,    0,    1,    'probability', false, 'Of the correlation'),
    ('personalization_effectiveness', 'confidence_interval',          'confidenceInterval',         'json',    NULL, false, NULL,    NULL, NULL, NULL,          false, 'lower and upper, 95 %'),
    ('personalization_effectiveness', 'composite_score',              'compositeScore',             'float',   NULL, true,  NULL,    0,    100,  'score',       false, 'Composite'),
    ('personalization_effectiveness', 'is_statistically_significant', 'isStatisticallySignificant', 'boolean', NULL, true,  'false', NULL, NULL, NULL,          false, 'Significant'),
    ('personalization_effectiveness', 'calculated_at',                'calculatedAt',               'moment',  NULL, true,  'now()', NULL, NULL, NULL,          false, 'When calculated');

INSERT INTO btwin.domain_column (table_name, column_name, reference_name, type_class, enum_name, not_null, default_value, minimum, maximum, unit, secret, comment) VALUES
    ('personalization_experiments', 'preferences_id',           'preferencesId',           'id',      NULL,                     true,  NULL,          NULL, NULL, NULL,          false, 'Preferences'),
    ('personalization_experiments', 'experiment_name',          'experimentName',          'text',    NULL,                     true,  NULL,          NULL, NULL, NULL,          false, 'Name'),
    ('personalization_experiments', 'experiment_type',          'experimentType',          'enum',    'ExperimentType',         true,  '''AB_TEST''', NULL, NULL, NULL,          false, 'Kind'),
    ('personalization_experiments', 'context',                  'context',                 'enum',    'PersonalizationContext', true,  NULL,          NULL, NULL, NULL,          false, 'Context'),
    ('personalization_experiments', 'variants',                 'variants',                'json',    NULL,                     true,  NULL,          NULL, NULL, NULL,          false, 'Variants with weights, sheet 1.5'),
    ('personalization_experiments', 'assigned_variant',         'assignedVariant',         'text',    NULL,                     false, NULL,          NULL, NULL, NULL,          false, 'Variant'),
    ('personalization_experiments', 'status',                   'status',                  'enum',    'ExperimentStatus',       true,  '''ACTIVE''',  NULL, NULL, NULL,          false, 'State'),
    ('personalization_experiments', 'start_date',               'startDate',               'moment',  NULL,                     true,  'now()',       NULL, NULL, NULL,          false, 'Start, gives the row its day'),
    ('personalization_experiments', 'end_date',                 'endDate',                 'moment',  NULL,                     true,  NULL,          NULL, NULL, NULL,          false, 'End'),
    ('personalization_experiments', 'min_participants',         'minParticipants',         'integer', NULL,                     true,  '20',          0,    NULL, NULL,          false, 'Participants needed'),
    ('personalization_experiments', 'min_duration',             'minDuration',             'integer', NULL,                     true,  '14',          0,    NULL, 'days',        false, 'Days needed'),
    ('personalization_experiments', 'current_participants',     'currentParticipants',     'integer', NULL,                     true,  '0',           0,    NULL, NULL,          false, 'Participants'),
    ('personalization_experiments', 'variant_metrics',          'variantMetrics',          'json',    NULL,                     false, NULL,          NULL, NULL, NULL,          false, 'Figures by variant'),
    ('personalization_experiments', 'winning_variant',          'winningVariant',          'text',    NULL,                     false, NULL,          NULL, NULL, NULL,          false, 'Winner'),
    ('personalization_experiments', 'statistical_significance', 'statisticalSignificance', 'float',   NULL,                     false, NULL,          0,    1,    'probability', false, 'p-value'),
    ('personalization_experiments', 'created_at',               'createdAt',               'moment',  NULL,                     true,  'now()',       NULL, NULL, NULL,          false, 'When created'),
    ('personalization_experiments', 'completed_at',             'completedAt',             'moment',  NULL,                     false, NULL,          NULL, NULL, NULL,          false, 'When completed');

INSERT INTO btwin.domain_column (table_name, column_name, reference_name, type_class, enum_name, not_null, default_value, minimum, maximum, unit, secret, comment) VALUES
    ('experiment_assignments', 'experiment_id', 'experimentId', 'id',     NULL, true,  NULL,    NULL, NULL, NULL, false, 'Experiment'),
    ('experiment_assignments', 'variant_id',    'variantId',    'text',   NULL, true,  NULL,    NULL, NULL, NULL, false, 'Variant'),
    ('experiment_assignments', 'assigned_at',   'assignedAt',   'moment', NULL, true,  'now()', NULL, NULL, NULL, false, 'When, gives the row its day'),
    ('experiment_assignments', 'metrics',       'metrics',      'json',   NULL, false, NULL,    NULL, NULL, NULL, false, 'Figures');

INSERT INTO btwin.domain_column (table_name, column_name, reference_name, type_class, enum_name, not_null, default_value, minimum, maximum, unit, secret, comment) VALUES
    ('personalization_outcomes', 'config_id',               'configId',               'id',      NULL,                     false, NULL,    NULL, NULL, NULL,      false, 'Configuration, without a foreign key'),
    ('personalization_outcomes', 'outcome_type',            'outcomeType',            'enum',    'OutcomeType',            true,  NULL,    NULL, NULL, NULL,      false, 'Kind'),
    ('personalization_outcomes', 'context',                 'context',                'enum',    'PersonalizationContext', true,  NULL,    NULL, NULL, NULL,      false, 'Context'),
    ('personalization_outcomes', 'timestamp',               'timestamp',              'moment',  NULL,                     true,  'now()', NULL, NULL, NULL,      false, 'When, gives the row its day'),
    ('personalization_outcomes', 'retention_score',         'retentionScore',         'float',   NULL,                     false, NULL,    0,    1,    'score',   false, 'Retention'),
    ('personalization_outcomes', 'performance_score',       'performanceScore',       'float',   NULL,                     false, NULL,    0,    1,    'score',   false, 'Performance'),
    ('personalization_outcomes', 'completion_rate',         'completionRate',         'float',   NULL,                     false, NULL,    0,    1,    'score',   false, 'Completion'),
    ('personalization_outcomes', 'engagement_score',        'engagementScore',        'float',   NULL,                     false, NULL,    0,    1,    'score',   false, 'Engagement'),
    ('personalization_outcomes', 'session_duration',        'sessionDuration',        'integer', NULL,                     false, NULL,    0,    NULL, 'minutes', false, 'Length'),
    ('personalization_outcomes', 'content_type',            'contentType',            'text',    NULL,                     false, NULL,    NULL, NULL, NULL,      false, 'Content type'),
    ('personalization_outcomes', 'difficulty_level',        'difficultyLevel',        'text',    NULL,                     false, NULL,    NULL, NULL, NULL,      false, 'Difficulty'),
    ('personalization_outcomes', 'personalization_applied', 'personalizationApplied', 'boolean', NULL,                     true,  'false', NULL, NULL, NULL,      false, 'Personalization was in force'),
    ('personalization_outcomes', 'strategy_variant',        'strategyVariant',        'text',    NULL,                     false, NULL,    NULL, NULL, NULL,      false, 'Strategy');

INSERT INTO btwin.domain_column (table_name, column_name, reference_name, type_class, enum_name, not_null, default_value, minimum, maximum, unit, secret, comment) VALUES
    ('cognitive_load_metrics', 'session_id',        'sessionId',        'id',     NULL, false, NULL,    NULL, NULL, NULL,    false, 'Session, without a foreign key'),
    ('cognitive_load_metrics', 'load_score',        'loadScore',        'float',  NULL, true,  NULL,    0,    100,  'score', false, 'Load: below 40 LOW, 60 MODERATE, 80 HIGH, else CRITICAL'),
    ('cognitive_load_metrics', 'stress_indicators', 'stressIndicators', 'json',   NULL, true,  NULL,    NULL, NULL, NULL,    false, 'Array of type, severity, value, contribution, sheet 1.5'),
    ('cognitive_load_metrics', 'confidence_level',  'confidenceLevel',  'float',  NULL, true,  NULL,    0,    1,    'score', false, 'Confidence'),
    ('cognitive_load_metrics', 'timestamp',         'timestamp',        'moment', NULL, true,  'now()', NULL, NULL, NULL,    false, 'When, gives the row its day');

INSERT INTO btwin.domain_column (table_name, column_name, reference_name, type_class, enum_name, not_null, default_value, minimum, maximum, unit, secret, comment) VALUES
    ('burnout_risk_assessments', 'risk_score',           'riskScore',           'float',      NULL,               true,  NULL,     0,    100,  'score', false, 'Risk'),
    ('burnout_risk_assessments', 'risk_level',           'riskLevel',           'enum',       'BurnoutRiskLevel', true,  NULL,     NULL, NULL, NULL,    false, 'Level'),
    ('burnout_risk_assessments', 'contributing_factors', 'contributingFactors', 'json',       NULL,               true,  NULL,     NULL, NULL, NULL,    false, 'Array of factor, score, percentage, severity, sheet 1.5'),
    ('burnout_risk_assessments', 'warning_signals',      'warningSignals',      'json',       NULL,               false, NULL,     NULL, NULL, NULL,    false, 'Array of signals, sheet 1.5'),
    ('burnout_risk_assessments', 'recommendations',      'recommendations',     'text_array', NULL,               true,  '''{}''', NULL, NULL, NULL,    false, 'Recommendations in words'),
    ('burnout_risk_assessments', 'confidence',           'confidence',          'float',      NULL,               true,  '0.7',    0,    1,    'score', false, 'Confidence'),
    ('burnout_risk_assessments', 'assessment_date',      'assessmentDate',      'moment',     NULL,               true,  'now()',  NULL, NULL, NULL,    false, 'When, gives the row its day'),
    ('burnout_risk_assessments', 'intervention_applied', 'interventionApplied', 'boolean',    NULL,               true,  'false',  NULL, NULL, NULL,    false, 'An intervention followed'),
    ('burnout_risk_assessments', 'intervention_id',      'interventionId',      'id',         NULL,               false, NULL,     NULL, NULL, NULL,    false, 'That intervention');

INSERT INTO btwin.domain_column (table_name, column_name, reference_name, type_class, enum_name, not_null, default_value, minimum, maximum, unit, secret, comment) VALUES
    ('recommendations', 'recommendation_type',    'recommendationType',   'enum',       'RecommendationType',   true,  NULL,          NULL, NULL, NULL,    false, 'Kind'),
    ('recommendations', 'title',                  'title',                'text',       NULL,                   true,  NULL,          NULL, NULL, NULL,    false, 'Title'),
    ('recommendations', 'description',            'description',          'text',       NULL,                   true,  NULL,          NULL, NULL, NULL,    false, 'Description'),
    ('recommendations', 'actionable_text',        'actionableText',       'text',       NULL,                   true,  NULL,          NULL, NULL, NULL,    false, 'What to do'),
    ('recommendations', 'confidence',             'confidence',           'float',      NULL,                   true,  NULL,          0,    1,    'score', false, 'Confidence'),
    ('recommendations', 'estimated_impact',       'estimatedImpact',      'float',      NULL,                   true,  NULL,          0,    1,    'score', false, 'Expected effect'),
    ('recommendations', 'ease_of_implementation', 'easeOfImplementation', 'float',      NULL,                   true,  NULL,          0,    1,    'score', false, 'Ease'),
    ('recommendations', 'user_readiness',         'userReadiness',        'float',      NULL,                   true,  NULL,          0,    1,    'score', false, 'Readiness'),
    ('recommendations', 'priority_score',         'priorityScore',        'float',      NULL,                   true,  NULL,          0,    1,    'score', false, 'Priority'),
    ('recommendations', 'status',                 'status',               'enum',       'RecommendationStatus', true,  '''PENDING''', NULL, NULL, NULL,    false, 'State; application is carried by applied_at'),
    ('recommendations', 'source_pattern_ids',     'sourcePatternIds',     'text_array', NULL,                   true,  '''{}''',      NULL, NULL, NULL,    false, 'Patterns it came from'),
    ('recommendations', 'source_insight_ids',     'sourceInsightIds',     'text_array', NULL,                   true,  '''{}''',      NULL, NULL, NULL,    false, 'Insights it came from'),
    ('recommendations', 'created_at',             'createdAt',            'moment',     NULL,                   true,  'now()',       NULL, NULL, NULL,    false, 'When, gives the row its day'),
    ('recommendations', 'applied_at',             'appliedAt',            'moment',     NULL,                   false, NULL,          NULL, NULL, NULL,    false, 'When applied'),
    ('recommendations', 'dismissed_at',           'dismissedAt',          'moment',     NULL,                   false, NULL,          NULL, NULL, NULL,    false, 'When dismissed');

INSERT INTO btwin.domain_column (table_name, column_name, reference_name, type_class, enum_name, not_null, default_value, minimum, maximum, unit, secret, comment) VALUES
    ('applied_recommendations', 'recommendation_id', 'recommendationId', 'id',     NULL,              true,  NULL,    NULL, NULL, NULL,    false, 'Recommendation'),
    ('applied_recommendations', 'application_type',  'applicationType',  'enum',   'ApplicationType', true,  NULL,    NULL, NULL, NULL,    false, 'How applied'),
    ('applied_recommendations', 'baseline_metrics',  'baselineMetrics',  'json',   NULL,              true,  NULL,    NULL, NULL, NULL,    false, 'Figures before'),
    ('applied_recommendations', 'current_metrics',   'currentMetrics',   'json',   NULL,              false, NULL,    NULL, NULL, NULL,    false, 'Figures after'),
    ('applied_recommendations', 'effectiveness',     'effectiveness',    'float',  NULL,              false, NULL,    -1,   1,    'score', false, 'Effect; the reference clips a decline to 0, btwin keeps its sign'),
    ('applied_recommendations', 'applied_at',        'appliedAt',        'moment', NULL,              true,  'now()', NULL, NULL, NULL,    false, 'When, gives the row its day'),
    ('applied_recommendations', 'evaluated_at',      'evaluatedAt',      'moment', NULL,              false, NULL,    NULL, NULL, NULL,    false, 'When evaluated');

INSERT INTO btwin.domain_column (table_name, column_name, reference_name, type_class, enum_name, not_null, default_value, minimum, maximum, unit, secret, comment) VALUES
    ('behavioral_goals', 'goal_type',        'goalType',        'enum',   'BehavioralGoalType', true,  NULL,         NULL, NULL, NULL, false, 'Kind'),
    ('behavioral_goals', 'title',            'title',           'text',   NULL,                 true,  NULL,         NULL, NULL, NULL, false, 'Title'),
    ('behavioral_goals', 'description',      'description',     'text',   NULL,                 true,  NULL,         NULL, NULL, NULL, false, 'Description'),
    ('behavioral_goals', 'target_metric',    'targetMetric',    'text',   NULL,                 true,  NULL,         NULL, NULL, NULL, false, 'peakHourSessionsPerWeek, avgSessionDuration, varkBalanceScore, retentionHalfLifeDays, custom'),
    ('behavioral_goals', 'current_value',    'currentValue',    'float',  NULL,                 true,  NULL,         NULL, NULL, NULL, false, 'Now, unit of the metric'),
    ('behavioral_goals', 'target_value',     'targetValue',     'float',  NULL,                 true,  NULL,         NULL, NULL, NULL, false, 'Target, unit of the metric'),
    ('behavioral_goals', 'deadline',         'deadline',        'moment', NULL,                 true,  NULL,         NULL, NULL, NULL, false, 'Deadline, 1 to 90 days ahead when set'),
    ('behavioral_goals', 'status',           'status',          'enum',   'GoalStatus',         true,  '''ACTIVE''', NULL, NULL, NULL, false, 'State'),
    ('behavioral_goals', 'progress_history', 'progressHistory', 'json',   NULL,                 true,  NULL,         NULL, NULL, NULL, false, 'Array of date, value, note; the first is the baseline'),
    ('behavioral_goals', 'completed_at',     'completedAt',     'moment', NULL,                 false, NULL,         NULL, NULL, NULL, false, 'When reached'),
    ('behavioral_goals', 'created_at',       'createdAt',       'moment', NULL,                 true,  'now()',      NULL, NULL, NULL, false, 'When set, gives the row its day'),
    ('behavioral_goals', 'updated_at',       'updatedAt',       'moment', NULL,                 true,  'now()',      NULL, NULL, NULL, false, 'Last change');

INSERT INTO btwin.domain_column (table_name, column_name, reference_name, type_class, enum_name, not_null, default_value, minimum, maximum, unit, secret, comment) VALUES
    ('struggle_predictions', 'learning_objective_id',          'learningObjectiveId',          'id',      NULL,               true,  NULL,          NULL, NULL, NULL,          false, 'Objective'),
    ('struggle_predictions', 'topic_id',                       'topicId',                      'id',      NULL,               false, NULL,          NULL, NULL, NULL,          false, 'Course'),
    ('struggle_predictions', 'predicted_struggle_probability', 'predictedStruggleProbability', 'float',   NULL,               true,  NULL,          0,    1,    'probability', false, 'Probability; predicted means at least 0.5'),
    ('struggle_predictions', 'prediction_confidence',          'predictionConfidence',         'float',   NULL,               true,  NULL,          0,    1,    'score',       false, 'Confidence'),
    ('struggle_predictions', 'prediction_status',              'predictionStatus',             'enum',    'PredictionStatus', true,  '''PENDING''', NULL, NULL, NULL,          false, 'State; RESOLVED is a true negative'),
    ('struggle_predictions', 'feature_vector',                 'featureVector',                'json',    NULL,               false, NULL,          NULL, NULL, NULL,          false, 'Features by name, sheet 2.11'),
    ('struggle_predictions', 'struggling_factors',             'strugglingFactors',            'json',    NULL,               true,  NULL,          NULL, NULL, NULL,          false, 'indicators and confidence'),
    ('struggle_predictions', 'prediction_date',                'predictionDate',               'moment',  NULL,               true,  'now()',       NULL, NULL, NULL,          false, 'Date predicted for, gives the row its day'),
    ('struggle_predictions', 'predicted_at',                   'predictedAt',                  'moment',  NULL,               true,  'now()',       NULL, NULL, NULL,          false, 'When predicted'),
    ('struggle_predictions', 'acknowledged_at',                'acknowledgedAt',               'moment',  NULL,               false, NULL,          NULL, NULL, NULL,          false, 'When acknowledged'),
    ('struggle_predictions', 'actual_outcome',                 'actualOutcome',                'boolean', NULL,               false, NULL,          NULL, NULL, NULL,          false, 'True: struggled'),
    ('struggle_predictions', 'actual_outcome_recorded_at',     'actualOutcomeRecordedAt',      'moment',  NULL,               false, NULL,          NULL, NULL, NULL,          false, 'When the outcome was recorded'),
    ('struggle_predictions', 'intervention_applied',           'interventionApplied',          'boolean', NULL,               true,  'false',       NULL, NULL, NULL,          false, 'An intervention followed'),
    ('struggle_predictions', 'intervention_id',                'interventionId',               'id',      NULL,               false, NULL,          NULL, NULL, NULL,          false, 'That intervention');

INSERT INTO btwin.domain_column (table_name, column_name, reference_name, type_class, enum_name, not_null, default_value, minimum, maximum, unit, secret, comment) VALUES
    ('struggle_indicators', 'learning_objective_id', 'learningObjectiveId', 'id',     NULL,            true,  NULL,    NULL, NULL, NULL, false, 'Objective, without a foreign key'),
    ('struggle_indicators', 'prediction_id',         'predictionId',        'id',     NULL,            false, NULL,    NULL, NULL, NULL, false, 'Prediction'),
    ('struggle_indicators', 'indicator_type',        'indicatorType',       'enum',   'IndicatorType', true,  NULL,    NULL, NULL, NULL, false, 'Kind'),
    ('struggle_indicators', 'severity',              'severity',            'enum',   'Severity',      true,  NULL,    NULL, NULL, NULL, false, 'Severity'),
    ('struggle_indicators', 'context',               'context',             'json',   NULL,            false, NULL,    NULL, NULL, NULL, false, 'Circumstances'),
    ('struggle_indicators', 'detected_at',           'detectedAt',          'moment', NULL,            true,  'now()', NULL, NULL, NULL, false, 'When, gives the row its day');

INSERT INTO btwin.domain_column (table_name, column_name, reference_name, type_class, enum_name, not_null, default_value, minimum, maximum, unit, secret, comment) VALUES
    ('intervention_recommendations', 'prediction_id',         'predictionId',       'id',      NULL,                 false, NULL,          NULL, NULL, NULL, false, 'Prediction'),
    ('intervention_recommendations', 'intervention_type',     'interventionType',   'enum',    'InterventionType',   true,  NULL,          NULL, NULL, NULL, false, 'Kind'),
    ('intervention_recommendations', 'description',           'description',        'text',    NULL,                 true,  NULL,          NULL, NULL, NULL, false, 'Description'),
    ('intervention_recommendations', 'reasoning',             'reasoning',          'text',    NULL,                 true,  NULL,          NULL, NULL, NULL, false, 'Why'),
    ('intervention_recommendations', 'priority',              'priority',           'integer', NULL,                 true,  NULL,          1,    10,   NULL, false, 'Priority, 10 is first'),
    ('intervention_recommendations', 'status',                'status',             'enum',    'InterventionStatus', true,  '''PENDING''', NULL, NULL, NULL, false, 'State; IN_PROGRESS once applied'),
    ('intervention_recommendations', 'related_objective_id',  'relatedObjectiveId', 'id',      NULL,                 false, NULL,          NULL, NULL, NULL, false, 'Objective, without a foreign key'),
    ('intervention_recommendations', 'applied_to_mission_id', 'appliedToMissionId', 'id',      NULL,                 false, NULL,          NULL, NULL, NULL, false, 'Mission adapted, without a foreign key'),
    ('intervention_recommendations', 'applied_at',            'appliedAt',          'moment',  NULL,                 false, NULL,          NULL, NULL, NULL, false, 'When applied'),
    ('intervention_recommendations', 'acknowledged_at',       'acknowledgedAt',     'moment',  NULL,                 false, NULL,          NULL, NULL, NULL, false, 'When acknowledged'),
    ('intervention_recommendations', 'created_at',            'createdAt',          'moment',  NULL,                 true,  'now()',       NULL, NULL, NULL, false, 'When, gives the row its day');

INSERT INTO btwin.domain_column (table_name, column_name, reference_name, type_class, enum_name, not_null, default_value, minimum, maximum, unit, secret, comment) VALUES
    ('prediction_feedback', 'prediction_id',   'predictionId',   'id',      NULL,                     true,  NULL,    NULL, NULL, NULL,         false, 'Prediction'),
    ('prediction_feedback', 'feedback_type',   'feedbackType',   'enum',    'PredictionFeedbackType', true,  NULL,    NULL, NULL, NULL,         false, 'Kind'),
    ('prediction_feedback', 'actual_struggle', 'actualStruggle', 'boolean', NULL,                     true,  NULL,    NULL, NULL, NULL,         false, 'True: did struggle'),
    ('prediction_feedback', 'helpfulness',     'helpfulness',    'integer', NULL,                     false, NULL,    1,    5,    NULL,         false, 'Helpfulness'),
    ('prediction_feedback', 'comments',        'comments',       'text',    NULL,                     false, NULL,    NULL, 1000, 'characters', false, 'Comment'),
    ('prediction_feedback', 'submitted_at',    'submittedAt',    'moment',  NULL,                     true,  'now()', NULL, NULL, NULL,         false, 'When, gives the row its day');

INSERT INTO btwin.domain_column (table_name, column_name, reference_name, type_class, enum_name, not_null, default_value, minimum, maximum, unit, secret, comment) VALUES
    ('study_schedule_recommendations', 'recommended_schedule', 'recommendedSchedule', 'json',   NULL, true,  NULL,    NULL, NULL, NULL, false, 'startTime, duration in minutes, performanceScore 0-100'),
    ('study_schedule_recommendations', 'reasoning',            'reasoning',           'text',   NULL, true,  NULL,    NULL, NULL, NULL, false, 'Why'),
    ('study_schedule_recommendations', 'created_at',           'createdAt',           'moment', NULL, true,  'now()', NULL, NULL, NULL, false, 'When, gives the row its day'),
    ('study_schedule_recommendations', 'applied_at',           'appliedAt',           'moment', NULL, false, NULL,    NULL, NULL, NULL, false, 'When applied');

INSERT INTO btwin.domain_column (table_name, column_name, reference_name, type_class, enum_name, not_null, default_value, minimum, maximum, unit, secret, comment) VALUES
    ('schedule_adaptations', 'adaptation_type',    'adaptationType',    'enum',   'AdaptationType', true, NULL,    NULL, NULL, NULL, false, 'Kind'),
    ('schedule_adaptations', 'adaptation_details', 'adaptationDetails', 'json',   NULL,             true, NULL,    NULL, NULL, NULL, false, 'reason with oldValue and newValue, or with changes'),
    ('schedule_adaptations', 'applied_at',         'appliedAt',         'moment', NULL,             true, 'now()', NULL, NULL, NULL, false, 'When, gives the row its day');

INSERT INTO btwin.domain_column (table_name, column_name, reference_name, type_class, enum_name, not_null, default_value, minimum, maximum, unit, secret, comment) VALUES
    ('calendar_integrations', 'calendar_provider', 'calendarProvider', 'text',    NULL, true,  NULL,    NULL, NULL, NULL, false, 'GOOGLE; OUTLOOK and ICAL announced'),
    ('calendar_integrations', 'access_token',      'accessToken',      'text',    NULL, true,  NULL,    NULL, NULL, NULL, true,  'Secret of the connection'),
    ('calendar_integrations', 'refresh_token',     'refreshToken',     'text',    NULL, false, NULL,    NULL, NULL, NULL, true,  'Secret of the connection'),
    ('calendar_integrations', 'expires_at',        'expiresAt',        'moment',  NULL, false, NULL,    NULL, NULL, NULL, false, 'When the access token ends'),
    ('calendar_integrations', 'last_sync_at',      'lastSyncAt',       'moment',  NULL, false, NULL,    NULL, NULL, NULL, false, 'Last synchronisation'),
    ('calendar_integrations', 'sync_enabled',      'syncEnabled',      'boolean', NULL, true,  'true',  NULL, NULL, NULL, false, 'Synchronise'),
    ('calendar_integrations', 'created_at',        'createdAt',        'moment',  NULL, true,  'now()', NULL, NULL, NULL, false, 'When connected');

INSERT INTO btwin.domain_column (table_name, column_name, reference_name, type_class, enum_name, not_null, default_value, minimum, maximum, unit, secret, comment) VALUES
    ('session_orchestration_plans', 'mission_id', 'missionId', 'id',     NULL, false, NULL,    NULL, NULL, NULL, false, 'Mission, without a foreign key'),
    ('session_orchestration_plans', 'plan_data',  'planData',  'json',   NULL, true,  NULL,    NULL, NULL, NULL, false, 'plannedStartTime and the plan'),
    ('session_orchestration_plans', 'created_at', 'createdAt', 'moment', NULL, true,  'now()', NULL, NULL, NULL, false, 'When, gives the row its day'),
    ('session_orchestration_plans', 'applied_at', 'appliedAt', 'moment', NULL, false, NULL,    NULL, NULL, NULL, false, 'When applied');

INSERT INTO btwin.domain_column (table_name, column_name, reference_name, type_class, enum_name, not_null, default_value, minimum, maximum, unit, secret, comment) VALUES
    ('stress_response_patterns', 'pattern_data', 'patternData', 'json',   NULL, true, NULL,    NULL, NULL, NULL,    false, 'type and further data'),
    ('stress_response_patterns', 'confidence',   'confidence',  'float',  NULL, true, NULL,    0,    1,    'score', false, 'Confidence'),
    ('stress_response_patterns', 'detected_at',  'detectedAt',  'moment', NULL, true, 'now()', NULL, NULL, NULL,    false, 'When, gives the row its day');

INSERT INTO btwin.domain_column (table_name, column_name, reference_name, type_class, enum_name, not_null, default_value, minimum, maximum, unit, secret, comment) VALUES
    ('insight_notifications', 'notification_type',   'notificationType',  'enum',   'NotificationType',     true,  NULL,         NULL, NULL, NULL, false, 'Kind'),
    ('insight_notifications', 'title',               'title',             'text',   NULL,                   true,  NULL,         NULL, NULL, NULL, false, 'Title'),
    ('insight_notifications', 'message',             'message',           'text',   NULL,                   true,  NULL,         NULL, NULL, NULL, false, 'Text'),
    ('insight_notifications', 'priority',            'priority',          'enum',   'NotificationPriority', true,  '''NORMAL''', NULL, NULL, NULL, false, 'Priority'),
    ('insight_notifications', 'related_entity_id',   'relatedEntityId',   'id',     NULL,                   false, NULL,         NULL, NULL, NULL, false, 'What it is about'),
    ('insight_notifications', 'related_entity_type', 'relatedEntityType', 'text',   NULL,                   false, NULL,         NULL, NULL, NULL, false, 'goal, pattern or insight'),
    ('insight_notifications', 'read_at',             'readAt',            'moment', NULL,                   false, NULL,         NULL, NULL, NULL, false, 'When read'),
    ('insight_notifications', 'created_at',          'createdAt',         'moment', NULL,                   true,  'now()',      NULL, NULL, NULL, false, 'When, gives the row its day');

-- Created tables also take logs that other systems kept, and what such a log
-- does not know stays NULL: nothing is invented to fill a column.
UPDATE btwin.domain_column d SET may_be_unknown = true
FROM (VALUES
    ('lectures',            'file_name'),
    ('lectures',            'file_url'),
    ('lectures',            'file_size'),
    ('learning_objectives', 'extracted_by'),
    ('missions',            'estimated_minutes'),
    ('cards',               'back'),
    ('cards',               'difficulty'),
    ('cards',               'stability'),
    ('cards',               'retrievability'),
    ('reviews',             'time_spent_ms'),
    ('reviews',             'difficulty_before'),
    ('reviews',             'stability_before'),
    ('reviews',             'difficulty_after'),
    ('reviews',             'stability_after')
) AS u (table_name, column_name)
WHERE d.table_name = u.table_name AND d.column_name = u.column_name;

CREATE TABLE btwin.domain_reference (
    table_name      name NOT NULL,
    column_name     name NOT NULL,
    referenced      name NOT NULL REFERENCES btwin.domain_table,
    on_delete       text NOT NULL CHECK (on_delete IN ('CASCADE', 'SET NULL', 'NO ACTION')),
    PRIMARY KEY (table_name, column_name),
    FOREIGN KEY (table_name, column_name) REFERENCES btwin.domain_column
);
COMMENT ON TABLE btwin.domain_reference IS
'The foreign keys of created tables; each refers to the id of the other table (Epic 5 domain model, 1.2 to 1.4)';
COMMENT ON COLUMN btwin.domain_reference.table_name IS 'Table that refers';
COMMENT ON COLUMN btwin.domain_reference.column_name IS 'Column that refers';
COMMENT ON COLUMN btwin.domain_reference.referenced IS 'Table referred to';
COMMENT ON COLUMN btwin.domain_reference.on_delete IS 'What happens to the row when the other one is deleted';

-- A learner's rows go with the learner. The reference has this key on some of
-- its tables only and keeps orphans in the others.
INSERT INTO btwin.domain_reference (table_name, column_name, referenced, on_delete)
SELECT t.table_name, 'user_id', 'users', 'CASCADE'
FROM btwin.domain_table t WHERE t.learner_column = 'user_id' ORDER BY t.position;

-- Where the reference names no action: an optional key is emptied, a needed one
-- refuses. What leads to the learner (learner_via) always goes with the learner.
INSERT INTO btwin.domain_reference (table_name, column_name, referenced, on_delete) VALUES
    ('lectures',                      'course_id',             'courses',                     'CASCADE'),
    ('learning_objectives',           'lecture_id',            'lectures',                    'CASCADE'),
    ('objective_prerequisites',       'objective_id',          'learning_objectives',         'CASCADE'),
    ('objective_prerequisites',       'prerequisite_id',       'learning_objectives',         'CASCADE'),
    ('cards',                         'course_id',             'courses',                     'CASCADE'),
    ('cards',                         'lecture_id',            'lectures',                    'SET NULL'),
    ('cards',                         'objective_id',          'learning_objectives',         'SET NULL'),
    ('study_sessions',                'mission_id',            'missions',                    'SET NULL'),
    ('reviews',                       'card_id',               'cards',                       'CASCADE'),
    ('reviews',                       'session_id',            'study_sessions',              'SET NULL'),
    ('validation_responses',          'prompt_id',             'validation_prompts',          'CASCADE'),
    ('validation_responses',          'session_id',            'study_sessions',              'SET NULL'),
    ('exams',                         'course_id',             'courses',                     'CASCADE'),
    ('performance_metrics',           'learning_objective_id', 'learning_objectives',         'CASCADE'),
    ('mission_feedback',              'mission_id',            'missions',                    'NO ACTION'),
    ('recommendation_feedback',       'recommendation_id',     'content_recommendations',     'CASCADE'),
    ('insight_patterns',              'insight_id',            'behavioral_insights',         'CASCADE'),
    ('insight_patterns',              'pattern_id',            'behavioral_patterns',         'CASCADE'),
    ('personalization_configs',       'preferences_id',        'personalization_preferences', 'CASCADE'),
    ('personalization_effectiveness', 'config_id',             'personalization_configs',     'CASCADE'),
    ('personalization_experiments',   'preferences_id',        'personalization_preferences', 'CASCADE'),
    ('experiment_assignments',        'experiment_id',         'personalization_experiments', 'CASCADE'),
    ('applied_recommendations',       'recommendation_id',     'recommendations',             'CASCADE'),
    ('struggle_predictions',          'learning_objective_id', 'learning_objectives',         'NO ACTION'),
    ('struggle_indicators',           'prediction_id',         'struggle_predictions',        'SET NULL'),
    ('intervention_recommendations',  'prediction_id',         'struggle_predictions',        'SET NULL'),
    ('prediction_feedback',           'prediction_id',         'struggle_predictions',        'CASCADE');

CREATE TABLE btwin.domain_unique (
    table_name      name NOT NULL REFERENCES btwin.domain_table,
    columns         name[] NOT NULL,
    PRIMARY KEY (table_name, columns)
);
COMMENT ON TABLE btwin.domain_unique IS
'The unique keys of created tables beside the id (Epic 5 domain model, 1.2 and 1.3)';
COMMENT ON COLUMN btwin.domain_unique.table_name IS 'Table';
COMMENT ON COLUMN btwin.domain_unique.columns IS 'Columns that are unique together';

INSERT INTO btwin.domain_unique (table_name, columns) VALUES
    ('users',                       '{email}'),
    ('objective_prerequisites',     '{objective_id, prerequisite_id}'),
    ('performance_metrics',         '{user_id, learning_objective_id, date}'),
    ('mission_streaks',             '{user_id}'),
    ('insight_patterns',            '{insight_id, pattern_id}'),
    ('user_learning_profiles',      '{user_id}'),
    ('personalization_preferences', '{user_id}'),
    ('experiment_assignments',      '{experiment_id, user_id}'),
    ('calendar_integrations',       '{user_id}');

CREATE TABLE btwin.domain_index (
    index_name      name PRIMARY KEY,
    number          integer UNIQUE,
    table_name      name NOT NULL REFERENCES btwin.domain_table,
    columns         name[] NOT NULL,
    descending      name[] NOT NULL,
    include         name[] NOT NULL,
    purpose         text NOT NULL,
    claim           text,
    origin          text NOT NULL CHECK (origin IN ('report', 'report note', 'completion', 'additional')),
    note            text
);
COMMENT ON TABLE btwin.domain_index IS
'The indexes btwin wants: the 27 of the reference report (16 it names, one its endpoint notes name, ten that complete its count) and the additional ones its window functions need (Epic 5 domain model, 1.6)';
COMMENT ON COLUMN btwin.domain_index.index_name IS 'Name attach gives to the index; it lies in the schema of its table';
COMMENT ON COLUMN btwin.domain_index.number IS 'Number in the list of 27; NULL: additional';
COMMENT ON COLUMN btwin.domain_index.table_name IS 'Table';
COMMENT ON COLUMN btwin.domain_index.columns IS 'Key columns in order';
COMMENT ON COLUMN btwin.domain_index.descending IS 'Key columns sorted downwards';
COMMENT ON COLUMN btwin.domain_index.include IS 'Columns carried beside the key';
COMMENT ON COLUMN btwin.domain_index.purpose IS 'What it serves';
COMMENT ON COLUMN btwin.domain_index.claim IS 'What the reference report claims: speed-up of the query, for single columns with its word on selectivity; NULL: no claim';
COMMENT ON COLUMN btwin.domain_index.origin IS 'report: in its tables; report note: in its endpoint notes; completion: completes the count of 27; additional: needed by a window function';
COMMENT ON COLUMN btwin.domain_index.note IS 'What a reader should know';

INSERT INTO btwin.domain_index (number, index_name, table_name, columns, descending, include, purpose, claim, origin, note) VALUES
    (1,  'btwin_behavioral_patterns_type_confidence',          'behavioral_patterns',           '{user_id, pattern_type, confidence}',                          '{}',                '{}',                        'filtered pattern queries',            '92 %',                     'report',      NULL),
    (2,  'btwin_behavioral_patterns_last_seen',                'behavioral_patterns',           '{user_id, last_seen_at}',                                      '{}',                '{}',                        'recent patterns',                     '88 %',                     'report',      NULL),
    (3,  'btwin_recommendations_status_priority',              'recommendations',               '{user_id, status, priority_score}',                            '{}',                '{}',                        'active ranking',                      '90 %',                     'report',      'The report speaks of behavioral_insights, which has neither column.'),
    (4,  'btwin_recommendations_created',                      'recommendations',               '{user_id, created_at}',                                        '{}',                '{}',                        'chronological feed',                  '85 %',                     'report',      'The report speaks of behavioral_insights; that table has an additional index of this form.'),
    (5,  'btwin_struggle_predictions_status_probability',      'struggle_predictions',          '{user_id, prediction_status, predicted_struggle_probability}', '{}',                '{}',                        'high-risk queries',                   '94 %',                     'report',      NULL),
    (6,  'btwin_struggle_predictions_topic_date',              'struggle_predictions',          '{user_id, topic_id, prediction_date}',                         '{}',                '{}',                        'per-topic tracking',                  '87 %',                     'report',      NULL),
    (7,  'btwin_personalization_configs_context_active',       'personalization_configs',       '{user_id, context, is_active}',                                '{}',                '{}',                        'active configuration',                '91 %',                     'report',      NULL),
    (8,  'btwin_personalization_configs_reward',               'personalization_configs',       '{user_id, avg_reward}',                                        '{}',                '{}',                        'bandit selection',                    '89 %',                     'report',      NULL),
    (9,  'btwin_behavioral_events_type_time',                  'behavioral_events',             '{user_id, event_type, timestamp}',                             '{}',                '{}',                        'event queries',                       '86 %',                     'report',      NULL),
    (10, 'btwin_behavioral_events_day_of_week',                'behavioral_events',             '{user_id, day_of_week}',                                       '{}',                '{}',                        'weekday analysis',                    '83 %',                     'report',      'Created because the report names it. btwin computes weekdays from the time in the learner''s zone and never reads this column, so it is expected to stay unused.'),
    (11, 'btwin_behavioral_events_time_of_day',                'behavioral_events',             '{user_id, time_of_day}',                                       '{}',                '{}',                        'hour analysis',                       '84 %',                     'report',      'Created because the report names it. btwin computes hours from the time in the learner''s zone and never reads this column, so it is expected to stay unused.'),
    (12, 'btwin_cognitive_load_metrics_score',                 'cognitive_load_metrics',        '{load_score}',                                                 '{}',                '{}',                        'high load across learners',           'selectivity medium, 65 %', 'report',      NULL),
    (13, 'btwin_burnout_risk_assessments_level',               'burnout_risk_assessments',      '{risk_level}',                                                 '{}',                '{}',                        'filter after fetch',                  'selectivity low, 45 %',    'report',      'Low selectivity: kept because the report names it.'),
    (14, 'btwin_struggle_predictions_topic',                   'struggle_predictions',          '{topic_id}',                                                   '{}',                '{}',                        'predictions of a topic',              'selectivity high, 78 %',   'report',      'Rarely useful without the learner: kept because the report names it.'),
    (15, 'btwin_learning_objectives_weakness',                 'learning_objectives',           '{weakness_score}',                                             '{}',                '{}',                        'weakest objectives',                  'selectivity medium, 68 %', 'report',      NULL),
    (16, 'btwin_behavioral_goals_deadline',                    'behavioral_goals',              '{deadline}',                                                   '{}',                '{}',                        'goals that end soon',                 'selectivity high, 72 %',   'report',      NULL),
    (17, 'btwin_intervention_recommendations_status_priority', 'intervention_recommendations',  '{user_id, status, priority}',                                  '{priority}',        '{}',                        'interventions',                       NULL,                       'report note', NULL),
    (18, 'btwin_behavioral_events_time',                       'behavioral_events',             '{user_id, timestamp}',                                         '{timestamp}',       '{}',                        'feature extraction, window of a day', NULL,                       'completion',  NULL),
    (19, 'btwin_struggle_predictions_status_date',             'struggle_predictions',          '{user_id, prediction_status, prediction_date}',                '{prediction_date}', '{}',                        'alerts, accuracy windows',            NULL,                       'completion',  NULL),
    (20, 'btwin_cognitive_load_metrics_time',                  'cognitive_load_metrics',        '{user_id, timestamp}',                                         '{timestamp}',       '{}',                        'current load, history, burnout',      NULL,                       'completion',  NULL),
    (21, 'btwin_burnout_risk_assessments_date',                'burnout_risk_assessments',      '{user_id, assessment_date}',                                   '{assessment_date}', '{risk_level}',              'latest assessment, recovery',         NULL,                       'completion',  NULL),
    (22, 'btwin_behavioral_goals_status_deadline',             'behavioral_goals',              '{user_id, status, deadline}',                                  '{}',                '{}',                        'dashboard',                           NULL,                       'completion',  NULL),
    (23, 'btwin_personalization_effectiveness_period',         'personalization_effectiveness', '{user_id, start_date, end_date}',                              '{}',                '{}',                        'effectiveness',                       NULL,                       'completion',  NULL),
    (24, 'btwin_study_sessions_started',                       'study_sessions',                '{user_id, started_at}',                                        '{started_at}',      '{}',                        'all analyzers',                       NULL,                       'completion',  NULL),
    (25, 'btwin_performance_metrics_date',                     'performance_metrics',           '{user_id, date}',                                              '{date}',            '{retention_score}',         'burnout, struggle reduction',         NULL,                       'completion',  NULL),
    (26, 'btwin_missions_date_status',                         'missions',                      '{user_id, date, status}',                                      '{date}',            '{}',                        'burnout, next mission',               NULL,                       'completion',  NULL),
    (27, 'btwin_reviews_reviewed',                             'reviews',                       '{user_id, reviewed_at}',                                       '{reviewed_at}',     '{rating, stability_after}', 'forgetting curve, lapse rate',        NULL,                       'completion',  NULL);

-- A window function needs (learner, moment) in front. The 27 provide it for some.
INSERT INTO btwin.domain_index (index_name, table_name, columns, descending, include, purpose, origin)
SELECT 'btwin_' || t.table_name || '_moment', t.table_name, ARRAY[t.learner_column, t.moment_column],
       '{}', '{}', 'window function btwin.' || t.table_name || '_window', 'additional'
FROM btwin.domain_table t
WHERE t.learner_column = 'user_id' AND t.moment_column IS NOT NULL
  AND NOT EXISTS (SELECT FROM btwin.domain_index i
                  WHERE i.table_name = t.table_name
                    AND i.columns[1:2] = ARRAY[t.learner_column, t.moment_column])
ORDER BY t.position;

-- attach runs with the rights of its caller and reads the model.
GRANT SELECT ON btwin.domain_type, btwin.domain_enum, btwin.domain_table, btwin.domain_column,
                btwin.domain_reference, btwin.domain_unique, btwin.domain_index TO PUBLIC;
-- attach: the tables of the application, adopted or created, and what stands
-- around them. Nothing made here belongs to the extension: pg_dump, replication
-- and row security treat it as the application's own, and DROP EXTENSION takes
-- no row of it.
--
-- attach itself resolves the owner, checks everything, then walks through
-- btwin.attach_step. A later module adds its part by adding a step.

-- What adapter views call, so that they depend on the extension: DROP EXTENSION
-- refuses while a schema is attached. Constant, so the planner removes it.
CREATE FUNCTION btwin.adapter_layout() RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS 'SELECT 1';
COMMENT ON FUNCTION btwin.adapter_layout() IS
'Number of the layout of adapter views. Each of them calls this function, so that DROP EXTENSION without btwin.detach() is refused while they exist.';

CREATE TABLE btwin.attach_step (
    position        integer PRIMARY KEY,
    step            text NOT NULL UNIQUE,
    check_function  text,
    attach_function text NOT NULL,
    detach_function text NOT NULL,
    comment         text NOT NULL
);
COMMENT ON TABLE btwin.attach_step IS
'The steps of btwin.attach in order; btwin.detach walks backwards. The functions are named with their schema and called as check(schema_name name, create_indexes boolean) returns boolean, attach(schema_name name, create_indexes boolean) and detach(drop_derived boolean, drop_data boolean) return table (object text, kind text, action text, detail text), all as the role that owns the attached objects.';
COMMENT ON COLUMN btwin.attach_step.position IS 'Order';
COMMENT ON COLUMN btwin.attach_step.step IS 'Name';
COMMENT ON COLUMN btwin.attach_step.check_function IS 'Raises an error where the step could not be done; all checks run before the first change. NULL: nothing to check';
COMMENT ON COLUMN btwin.attach_step.attach_function IS 'Makes what is missing and says what it made or found';
COMMENT ON COLUMN btwin.attach_step.detach_function IS 'Removes what the step made';
COMMENT ON COLUMN btwin.attach_step.comment IS 'What the step makes';
GRANT SELECT ON btwin.attach_step TO PUBLIC;

INSERT INTO btwin.attach_step (position, step, check_function, attach_function, detach_function, comment) VALUES
    (10, 'tables',   'btwin._check_tables',  'btwin._attach_tables',   'btwin._detach_tables',   'the tables of the data model'),
    (20, 'settings', 'btwin._check_settings', 'btwin._attach_settings', 'btwin._detach_settings', 'btwin.learner'),
    (30, 'views',    'btwin._check_views',   'btwin._attach_views',    'btwin._detach_views',    'adapter views and window functions'),
    (40, 'indexes',  'btwin._check_indexes', 'btwin._attach_indexes',  'btwin._detach_indexes',  'indexes');

-- Is a schema attached?

CREATE FUNCTION btwin.attached_schema() RETURNS name
LANGUAGE plpgsql STABLE PARALLEL SAFE
AS $attached_schema$
DECLARE
    found_schema pg_catalog.name;
BEGIN
    IF pg_catalog.to_regclass('btwin.attachment') IS NOT NULL THEN
        SELECT a.schema_name INTO found_schema FROM btwin.attachment a WHERE a.detached_at IS NULL;
    END IF;
    RETURN found_schema;
END
$attached_schema$;
COMMENT ON FUNCTION btwin.attached_schema() IS
'The schema that btwin.attach attached in this database; NULL before attach and after detach.';

CREATE FUNCTION btwin.require_attached() RETURNS name
LANGUAGE plpgsql STABLE PARALLEL SAFE
AS $require_attached$
DECLARE
    found_schema pg_catalog.name := btwin.attached_schema();
BEGIN
    IF found_schema IS NULL THEN
        RAISE EXCEPTION 'btwin is not attached to a schema of this database'
            USING ERRCODE = 'TW001',
                  DETAIL = 'The tables, views and functions that btwin reads with are made by btwin.attach.',
                  HINT = 'SELECT * FROM btwin.attach()';
    END IF;
    RETURN found_schema;
END
$require_attached$;
COMMENT ON FUNCTION btwin.require_attached() IS
'The attached schema; raises SQLSTATE TW001 with the hint SELECT * FROM btwin.attach() where there is none.';

CREATE FUNCTION btwin.learner_time_zone(user_id text) RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE
AS $learner_time_zone$
DECLARE
    found_zone pg_catalog.text;
BEGIN
    IF pg_catalog.to_regclass('btwin.attachment') IS NOT NULL THEN
        SELECT coalesce((SELECT l.time_zone FROM btwin.learner l
                         WHERE l.user_id OPERATOR(pg_catalog.=) learner_time_zone.user_id),
                        a.default_time_zone)
        INTO found_zone
        FROM btwin.attachment a WHERE a.detached_at IS NULL;
    END IF;
    IF found_zone IS NULL THEN
        PERFORM btwin.require_attached();
    END IF;
    RETURN found_zone;
END
$learner_time_zone$;
COMMENT ON FUNCTION btwin.learner_time_zone(text) IS
'Time zone of a learner, an IANA name: the one in btwin.learner, else the default given to btwin.attach. Hours and weekdays are counted in it. TW001 before attach.';

-- A condition that holds for the IANA names of time zones. The server itself
-- also takes abbreviations, offsets and POSIX rules ("Foo3"), which know no
-- summer time or take a typing error for a zone; an unknown name raises 22023.
-- NULL passes.
CREATE FUNCTION btwin._time_zone_condition(expression text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $time_zone_condition$
SELECT pg_catalog.replace($condition$zone IS NULL
    OR (zone IN ('UTC', 'GMT') OR zone ~ '^(Etc/GMT[+-]([0-9]|1[0-4])|[A-Za-z_]+(/[A-Za-z_+-]+)+)$')
       AND (timestamptz '2000-01-01 00:00:00+00' AT TIME ZONE zone) IS NOT NULL$condition$, 'zone', expression)
$time_zone_condition$;
COMMENT ON FUNCTION btwin._time_zone_condition(text) IS
'Internal: SQL text of the condition that an expression is NULL or an IANA name of a time zone.';

CREATE FUNCTION btwin._check_time_zone(time_zone text) RETURNS boolean
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $check_time_zone$
DECLARE
    accepted boolean;
BEGIN
    BEGIN
        EXECUTE 'SELECT ' || btwin._time_zone_condition('$1') INTO accepted USING time_zone;
    EXCEPTION WHEN invalid_parameter_value THEN
        accepted := false;
    END;
    IF NOT accepted THEN
        RAISE EXCEPTION 'time zone "%" is not known', time_zone
            USING ERRCODE = 'invalid_parameter_value',
                  DETAIL = 'Needed is the IANA name of a zone: UTC, Europe/Berlin, Etc/GMT+5. Abbreviations and offsets are not taken.',
                  HINT = 'SELECT name FROM pg_timezone_names lists the names this server knows.';
    END IF;
    RETURN true;
END
$check_time_zone$;
COMMENT ON FUNCTION btwin._check_time_zone(text) IS
'Internal: true for the IANA name of a time zone, else 22023.';

-- Running as another role.

CREATE FUNCTION btwin._execute_as(role_name name, statement text) RETURNS boolean
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $execute_as$
DECLARE
    previous text := current_setting('role');
BEGIN
    IF role_name = current_user THEN
        EXECUTE statement;
    ELSE
        PERFORM set_config('role', role_name::text, true);
        EXECUTE statement;
        PERFORM set_config('role', previous, true);
    END IF;
    RETURN true;
END
$execute_as$;
COMMENT ON FUNCTION btwin._execute_as(name, text) IS
'Internal: runs a statement as a role the session may become.';

-- What there is: every declared column of every declared table that exists.

CREATE FUNCTION btwin._adoption(schema_name name, only_table name DEFAULT NULL)
RETURNS TABLE (table_name name, column_name name, relation oid, attnum smallint, found_name name, is_enum boolean,
               expression text, error_code text, message text, detail text, hint text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $adoption$
SELECT d.table_name, d.column_name, c.oid, f.attnum, f.attname, f.is_enum,
       CASE WHEN f.attname IS NULL
            THEN NULL
            WHEN d.type_class = 'moment' AND f.base_name = 'timestamp without time zone'
            THEN format('(t.%I AT TIME ZONE ''UTC'')', f.attname)
            WHEN f.type_name = y.shown_as
            THEN format('t.%I', f.attname)
            WHEN y.shown_as IN ('text', 'jsonb', 'text[]')
            THEN format('t.%I::pg_catalog.%s', f.attname, y.shown_as)
            ELSE format('t.%I::%s', f.attname, y.shown_as) END,
       CASE WHEN f.attname IS NULL THEN 'undefined_column'
            WHEN f.spellings > 1 THEN 'ambiguous_column'
            WHEN NOT f.accepted OR e.lacking IS NOT NULL THEN 'datatype_mismatch' END,
       CASE WHEN f.attname IS NULL
            THEN format('table %I.%I has no column %s', schema_name, d.table_name, s.spelling)
            WHEN f.spellings > 1
            THEN format('table %I.%I has both columns %I and %I', schema_name, d.table_name, d.column_name, d.reference_name)
            WHEN NOT f.accepted
            THEN format('column %I of table %I.%I has type %s', f.attname, schema_name, d.table_name, f.shown_name)
            WHEN e.lacking IS NOT NULL
            THEN format('type %s of column %I of table %I.%I lacks values', f.type_name, f.attname, schema_name, d.table_name) END,
       CASE WHEN f.attname IS NULL
            THEN format('Needed is %s: %s.', y.needed, d.comment)
            WHEN f.spellings > 1
            THEN 'They are two spellings of one column of the data model.'
            WHEN NOT f.accepted
            THEN format('Needed is %s.', y.needed)
            WHEN e.lacking IS NOT NULL
            THEN format('btwin writes to this table; lacking: %s.', array_to_string(e.lacking, ', ')) END,
       CASE WHEN f.attname IS NULL
            THEN 'Add the column, or rename the one that holds it. Other columns of the application are welcome.'
            WHEN f.spellings > 1
            THEN 'Rename or drop one of them.'
            WHEN NOT f.accepted AND d.type_class = 'id'
            THEN 'btwin keeps ids as text. Change the column and those that refer to it with ALTER TABLE ... ALTER COLUMN ... TYPE text USING ...::text.'
            WHEN NOT f.accepted
            THEN 'Change the type of the column with ALTER TABLE ... ALTER COLUMN ... TYPE.'
            WHEN e.lacking IS NOT NULL
            THEN 'Add them with ALTER TYPE ... ADD VALUE. Other values of the application are welcome.' END
FROM btwin.domain_table t
JOIN pg_class c ON c.relname = t.table_name
               AND c.relnamespace = (SELECT n.oid FROM pg_namespace n WHERE n.nspname = schema_name)
JOIN btwin.domain_column d ON d.table_name = t.table_name
JOIN btwin.domain_type y ON y.type_class = d.type_class
CROSS JOIN LATERAL (
    SELECT CASE WHEN d.column_name = d.reference_name THEN quote_ident(d.column_name)
                ELSE format('%I or %I', d.column_name, d.reference_name) END
) AS s (spelling)
LEFT JOIN LATERAL (
    SELECT a.attnum, a.attname, p.is_enum, p.base,
           format_type(a.atttypid, NULL) AS type_name,
           format_type(a.atttypid, a.atttypmod) AS shown_name,
           format_type(p.base, NULL) AS base_name,
           format_type(p.base, NULL) = ANY (y.accepted) OR (d.type_class = 'enum' AND p.is_enum) AS accepted,
           count(*) OVER () AS spellings
    FROM pg_attribute a
    CROSS JOIN LATERAL (
        SELECT b.oid, b.typtype = 'e'
        FROM pg_type o JOIN pg_type b ON b.oid = CASE WHEN o.typtype = 'd' THEN o.typbasetype ELSE o.oid END
        WHERE o.oid = a.atttypid
    ) AS p (base, is_enum)
    WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
      AND a.attname IN (d.column_name, d.reference_name)
    ORDER BY a.attname = d.column_name DESC
    LIMIT 1
) AS f ON true
LEFT JOIN LATERAL (
    SELECT array_agg(v.value ORDER BY v.ordinality)
    FROM btwin.domain_enum l, unnest(l.allowed) WITH ORDINALITY AS v (value, ordinality)
    WHERE t.written AND f.is_enum AND l.enum_name = d.enum_name
      AND NOT EXISTS (SELECT FROM pg_enum n WHERE n.enumtypid = f.base AND n.enumlabel = v.value)
) AS e (lacking) ON true
WHERE only_table IS NULL OR t.table_name = only_table
ORDER BY t.position, d.position
$adoption$;
COMMENT ON FUNCTION btwin._adoption(name, name) IS
'Internal: the declared columns of the tables that exist in a schema, or of one of them, what was found for each, the expression that shows it through an adapter view (table alias t), and the error where it cannot be adopted.';

CREATE FUNCTION btwin._column_comment(model btwin.domain_column) RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $column_comment$
SELECT concat_ws('; ', (model).comment,
                 nullif(concat_ws(', ', (model).unit,
                                  CASE WHEN num_nonnulls((model).minimum, (model).maximum) = 2 THEN (model).minimum || ' to ' || (model).maximum
                                       WHEN (model).minimum IS NOT NULL THEN 'at least ' || (model).minimum
                                       WHEN (model).maximum IS NOT NULL THEN 'at most ' || (model).maximum END), ''),
                 (SELECT array_to_string(e.allowed, ', ') FROM btwin.domain_enum e WHERE e.enum_name = (model).enum_name))
$column_comment$;
COMMENT ON FUNCTION btwin._column_comment(btwin.domain_column) IS
'Internal: the comment of a column with its unit, range and allowed values.';

-- Step: tables

CREATE FUNCTION btwin._check_tables(schema_name name, create_indexes boolean) RETURNS boolean
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $check_tables$
DECLARE
    problem record;
    others  bigint;
BEGIN
    SELECT c.relname, c.relkind INTO problem
    FROM btwin.domain_table t
    JOIN pg_class c ON c.relname = t.table_name AND c.relkind NOT IN ('r', 'p')
    JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = schema_name
    ORDER BY t.position LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION '%.% is not a table', quote_ident(schema_name), quote_ident(problem.relname)
            USING ERRCODE = 'wrong_object_type',
                  DETAIL = format('Found is a %s, needed is a table or a partitioned table.',
                                  CASE problem.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' WHEN 'f' THEN 'foreign table'
                                       WHEN 'i' THEN 'index' WHEN 'I' THEN 'partitioned index' WHEN 'S' THEN 'sequence' ELSE 'composite type' END),
                  HINT = 'Rename it, or attach the schema that holds the table itself.',
                  SCHEMA = schema_name, TABLE = problem.relname;
    END IF;

    SELECT count(*) - 1 INTO others FROM btwin._adoption(schema_name) a WHERE a.error_code IS NOT NULL;
    IF others >= 0 THEN
        SELECT * INTO problem FROM btwin._adoption(schema_name) a WHERE a.error_code IS NOT NULL LIMIT 1;
        RAISE EXCEPTION '%', problem.message
            USING ERRCODE = problem.error_code,
                  DETAIL = problem.detail || CASE WHEN others > 0
                           THEN format(E'\n%s more: %s.', others,
                                       (SELECT string_agg(m.message, '; ')
                                        FROM (SELECT a.message FROM btwin._adoption(schema_name) a
                                              WHERE a.error_code IS NOT NULL OFFSET 1 LIMIT 9) AS m)
                                       || CASE WHEN others > 9 THEN '; and so on' ELSE '' END)
                           ELSE '' END,
                  HINT = problem.hint,
                  SCHEMA = schema_name, TABLE = problem.table_name, COLUMN = coalesce(problem.found_name, problem.column_name);
    END IF;

    IF NOT has_schema_privilege(current_user, schema_name, 'CREATE')
       AND EXISTS (SELECT FROM btwin.domain_table t
                   WHERE to_regclass(format('%I.%I', schema_name, t.table_name)) IS NULL) THEN
        RAISE EXCEPTION 'role "%" may not create tables in schema %', current_user, quote_ident(schema_name)
            USING ERRCODE = 'insufficient_privilege',
                  DETAIL = format('Not all tables of the data model exist there, the first missing one is %s.',
                                  (SELECT t.table_name FROM btwin.domain_table t
                                   WHERE to_regclass(format('%I.%I', schema_name, t.table_name)) IS NULL
                                   ORDER BY t.position LIMIT 1)),
                  HINT = format('GRANT CREATE ON SCHEMA %I TO %I', schema_name, current_user);
    END IF;
    RETURN true;
END
$check_tables$;
COMMENT ON FUNCTION btwin._check_tables(name, boolean) IS
'Internal: raises an error where a table of the data model exists and cannot be adopted, or is missing and cannot be created.';

CREATE FUNCTION btwin._has_key(schema_name name, table_name name) RETURNS boolean
LANGUAGE sql STABLE STRICT
SET search_path = pg_catalog, pg_temp
AS $has_key$
SELECT EXISTS (
    SELECT FROM pg_index i
    JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attname = 'id'
    WHERE i.indrelid = to_regclass(format('%I.%I', schema_name, table_name))
      AND i.indisunique AND i.indisvalid AND i.indimmediate AND i.indpred IS NULL
      AND i.indnkeyatts = 1 AND i.indkey[0] = a.attnum)
$has_key$;
COMMENT ON FUNCTION btwin._has_key(name, name) IS
'Internal: the table has a unique key on id that a foreign key may refer to.';

CREATE FUNCTION btwin._table_statement(schema_name name, table_name name) RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $table_statement$
SELECT format(E'CREATE TABLE %I.%I (\n    %s\n)', schema_name, table_name, string_agg(p.part, E',\n    ' ORDER BY p.kind, p.position))
FROM (
    SELECT 1, d.position,
           concat_ws(' ', quote_ident(d.column_name), y.created_as,
                     CASE WHEN d.column_name = 'id' THEN 'PRIMARY KEY' WHEN d.not_null AND NOT d.may_be_unknown THEN 'NOT NULL' END,
                     'DEFAULT ' || d.default_value,
                     CASE WHEN d.type_class = 'enum'
                          THEN format('CHECK (%I IN (%s))', d.column_name,
                                      (SELECT string_agg(quote_literal(v), ', ') FROM unnest(e.allowed) AS v))
                          WHEN d.type_class = 'moment'
                          THEN format('CHECK (isfinite(%I))', d.column_name)
                          WHEN d.type_class = 'text' AND d.maximum IS NOT NULL
                          THEN format('CHECK (char_length(%I) <= %s)', d.column_name, d.maximum)
                          WHEN d.type_class = 'float'
                          THEN format('CHECK (%1$I %2$s AND %1$I %3$s)', d.column_name,
                                      coalesce('>= ' || d.minimum, '> ''-Infinity'''), coalesce('<= ' || d.maximum, '< ''Infinity'''))
                          WHEN d.type_class = 'integer' AND num_nonnulls(d.minimum, d.maximum) > 0
                          THEN format('CHECK (%s)', concat_ws(' AND ', format('%I >= ', d.column_name) || d.minimum,
                                                              format('%I <= ', d.column_name) || d.maximum)) END,
                     CASE WHEN btwin._has_key(schema_name, r.referenced)
                          THEN format('REFERENCES %I.%I (id) ON DELETE %s', schema_name, r.referenced, r.on_delete) END)
    FROM btwin.domain_column d
    JOIN btwin.domain_type y ON y.type_class = d.type_class
    LEFT JOIN btwin.domain_enum e ON e.enum_name = d.enum_name
    LEFT JOIN btwin.domain_reference r ON r.table_name = d.table_name AND r.column_name = d.column_name
    WHERE d.table_name = _table_statement.table_name
    UNION ALL
    SELECT 2, row_number() OVER (ORDER BY u.columns),
           format('UNIQUE (%s)', (SELECT string_agg(quote_ident(c), ', ' ORDER BY o) FROM unnest(u.columns) WITH ORDINALITY AS k (c, o)))
    FROM btwin.domain_unique u
    WHERE u.table_name = _table_statement.table_name
) AS p (kind, position, part)
$table_statement$;
COMMENT ON FUNCTION btwin._table_statement(name, name) IS
'Internal: the statement that creates a table of the data model.';

CREATE FUNCTION btwin._attach_tables(schema_name name, create_indexes boolean)
RETURNS TABLE (object text, kind text, action text, detail text)
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $attach_tables$
#variable_conflict use_column
DECLARE
    model     record;
    part      record;
    existing  regclass;
    statement text;
    left_out  text;
BEGIN
    FOR model IN SELECT t.* FROM btwin.domain_table t ORDER BY t.position LOOP
        object := format('%I.%I', schema_name, model.table_name);
        kind := 'table';
        existing := to_regclass(object);
        IF existing IS NOT NULL THEN
            -- an adopted table is remembered once, so that the second call finds it
            INSERT INTO btwin.attached_object (kind, schema_name, object_name, table_name, made)
            VALUES ('table', _attach_tables.schema_name, model.table_name, model.table_name, false)
            ON CONFLICT DO NOTHING;
            action := CASE WHEN FOUND THEN 'adopted' ELSE 'found' END;
            SELECT format('%s, %s columns%s%s',
                          (SELECT CASE c.relkind WHEN 'p' THEN 'partitioned table' ELSE 'table' END FROM pg_class c WHERE c.oid = existing),
                          count(*),
                          nullif(format(', %s in camelCase', count(*) FILTER (WHERE a.found_name <> a.column_name)), ', 0 in camelCase'),
                          nullif(format(', %s of enum type', count(*) FILTER (WHERE a.is_enum)), ', 0 of enum type'))
            INTO detail
            FROM btwin._adoption(schema_name, model.table_name) a;
            RETURN NEXT;
            CONTINUE;
        END IF;

        left_out := NULL;
        FOR part IN
            SELECT r.column_name, r.referenced, pg_get_userbyid(c.relowner) AS referenced_owner,
                   has_table_privilege(c.oid, 'REFERENCES') AS may_refer, btwin._has_key(schema_name, r.referenced) AS has_key
            FROM btwin.domain_reference r
            JOIN pg_class c ON c.oid = to_regclass(format('%I.%I', schema_name, r.referenced))
            WHERE r.table_name = model.table_name
        LOOP
            IF NOT part.has_key THEN
                left_out := concat_ws(', ', left_out, format('%s to %s', part.column_name, part.referenced));
            ELSIF NOT part.may_refer THEN
                PERFORM btwin._execute_as(part.referenced_owner,
                            format('GRANT REFERENCES ON TABLE %I.%I TO %I', schema_name, part.referenced, current_user));
            END IF;
        END LOOP;

        EXECUTE btwin._table_statement(schema_name, model.table_name);
        EXECUTE format('COMMENT ON TABLE %s IS %L', object, model.comment);
        FOR part IN SELECT d.column_name, btwin._column_comment(d) AS comment
                    FROM btwin.domain_column d WHERE d.table_name = model.table_name ORDER BY d.position LOOP
            EXECUTE format('COMMENT ON COLUMN %s.%I IS %L', object, part.column_name, part.comment);
        END LOOP;

        -- Deleting the row referred to would scan the table otherwise. The
        -- learner's key is served by the indexes of the index step, or here.
        FOR part IN
            SELECT r.column_name FROM btwin.domain_reference r
            WHERE r.table_name = model.table_name
              AND NOT (r.column_name = 'user_id' AND model.moment_column IS NOT NULL)
              AND NOT EXISTS (SELECT FROM btwin.domain_unique u WHERE u.table_name = r.table_name AND u.columns[1] = r.column_name)
            ORDER BY r.column_name
        LOOP
            EXECUTE format('CREATE INDEX ON %s (%I)', object, part.column_name);
        END LOOP;

        INSERT INTO btwin.attached_object (kind, schema_name, object_name, table_name, made)
        VALUES ('table', _attach_tables.schema_name, model.table_name, model.table_name, true)
        ON CONFLICT (kind, schema_name, object_name) DO UPDATE SET made = true;
        action := 'created';
        detail := (SELECT format('table, %s columns', count(*)) FROM btwin.domain_column d WHERE d.table_name = model.table_name)
                  || coalesce('; without foreign key, the table referred to has no unique key on id: ' || left_out, '');
        RETURN NEXT;
    END LOOP;
END
$attach_tables$;
COMMENT ON FUNCTION btwin._attach_tables(name, boolean) IS
'Internal: adopts or creates the tables of the data model.';

-- Step: settings

CREATE FUNCTION btwin._check_settings(schema_name name, create_indexes boolean) RETURNS boolean
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $check_settings$
DECLARE
    users   regclass := to_regclass(format('%I.users', schema_name));
    orphans bigint;
BEGIN
    -- With the key in place there are none. Under row security the count would
    -- be wrong: then the key itself is the check.
    IF to_regclass('btwin.learner') IS NULL OR users IS NULL OR NOT btwin._has_key(schema_name, 'users') OR row_security_active(users)
       OR EXISTS (SELECT FROM pg_constraint c WHERE c.conrelid = to_regclass('btwin.learner') AND c.contype = 'f' AND c.confrelid = users) THEN
        RETURN true;
    END IF;
    EXECUTE format('SELECT count(*) FROM btwin.learner l WHERE NOT EXISTS (SELECT FROM %s u WHERE u.id = l.user_id)', users)
    INTO orphans;
    IF orphans > 0 THEN
        RAISE EXCEPTION 'btwin.learner has % rows of learners that are not in %.users', orphans, quote_ident(schema_name)
            USING ERRCODE = 'foreign_key_violation',
                  DETAIL = 'btwin.learner was filled while another schema was attached, or without a key to refer to.',
                  HINT = 'Delete those rows, or empty btwin.learner, if the learners are gone.';
    END IF;
    RETURN true;
END
$check_settings$;
COMMENT ON FUNCTION btwin._check_settings(name, boolean) IS
'Internal: raises an error where btwin.learner, left over from an earlier attach, does not fit the users.';

CREATE FUNCTION btwin._attach_settings(schema_name name, create_indexes boolean)
RETURNS TABLE (object text, kind text, action text, detail text)
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $attach_settings$
DECLARE
    users    regclass := format('%I.users', schema_name)::regclass;
    key_name name;
    key_to   regclass;
BEGIN
    object := 'btwin.learner';
    kind := 'settings';
    action := 'found';
    IF to_regclass('btwin.learner') IS NULL THEN
        EXECUTE format($create$CREATE TABLE btwin.learner (
            user_id     text PRIMARY KEY,
            time_zone   text CHECK (%s),
            created_at  timestamptz NOT NULL DEFAULT now(),
            updated_at  timestamptz NOT NULL DEFAULT now()
        )$create$, btwin._time_zone_condition('time_zone'));
        COMMENT ON TABLE btwin.learner IS
        'Settings of a learner that the application has no column for';
        COMMENT ON COLUMN btwin.learner.user_id IS 'Learner';
        COMMENT ON COLUMN btwin.learner.time_zone IS 'IANA name of the zone in which hours, days and weekdays are counted; NULL: the default given to btwin.attach';
        COMMENT ON COLUMN btwin.learner.created_at IS 'When written first';
        COMMENT ON COLUMN btwin.learner.updated_at IS 'Last change, kept by the writer';
        action := 'created';
    END IF;

    SELECT c.conname, c.confrelid INTO key_name, key_to
    FROM pg_constraint c WHERE c.conrelid = 'btwin.learner'::regclass AND c.contype = 'f';
    IF key_name IS NOT NULL AND key_to <> users THEN
        EXECUTE format('ALTER TABLE btwin.learner DROP CONSTRAINT %I', key_name);
        key_name := NULL;
        action := 'changed';
    END IF;
    IF key_name IS NULL AND btwin._has_key(schema_name, 'users') THEN
        IF NOT has_table_privilege(users, 'REFERENCES') THEN
            PERFORM btwin._execute_as((SELECT pg_get_userbyid(c.relowner) FROM pg_class c WHERE c.oid = users),
                                      format('GRANT REFERENCES ON TABLE %s TO %I', users, current_user));
        END IF;
        EXECUTE format('ALTER TABLE btwin.learner ADD FOREIGN KEY (user_id) REFERENCES %s (id) ON DELETE CASCADE', users);
        IF action = 'found' THEN
            action := 'changed';
        END IF;
        key_name := 'learner_user_id_fkey';
    END IF;
    detail := CASE WHEN key_name IS NULL THEN 'without foreign key: the users have no unique key on id'
                   ELSE format('rows go with their row of %s', users) END;
    RETURN NEXT;
END
$attach_settings$;
COMMENT ON FUNCTION btwin._attach_settings(name, boolean) IS
'Internal: creates btwin.learner.';

-- attach

CREATE FUNCTION btwin.attach(
    schema_name         name    DEFAULT 'public',
    create_indexes      boolean DEFAULT true,
    owner               name    DEFAULT NULL,
    default_time_zone   text    DEFAULT NULL,
    triggers            boolean DEFAULT NULL
) RETURNS TABLE (object text, kind text, action text, detail text)
LANGUAGE plpgsql VOLATILE ROWS 200
SET search_path = pg_catalog, pg_temp
AS $attach$
#variable_conflict use_column
DECLARE
    caller          name := current_user;
    caller_is_super boolean := (SELECT r.rolsuper FROM pg_roles r WHERE r.rolname = current_user);
    member_right    text := CASE WHEN current_setting('server_version_num')::integer >= 160000 THEN 'SET' ELSE 'MEMBER' END;
    previous_role   text := current_setting('role');
    attached        name;
    made_by         name;
    table_owners    name[];
    target          name;
    missing         text;
    settings        record;
    part            record;
BEGIN
    -- arguments
    IF attach.schema_name IS NULL OR attach.create_indexes IS NULL THEN
        RAISE EXCEPTION 'argument "%" must not be null', CASE WHEN attach.schema_name IS NULL THEN 'schema_name' ELSE 'create_indexes' END
            USING ERRCODE = 'null_value_not_allowed',
                  HINT = 'Leave the argument out to take its default.';
    END IF;
    IF NOT EXISTS (SELECT FROM pg_namespace n WHERE n.nspname = attach.schema_name) THEN
        RAISE EXCEPTION 'schema "%" does not exist', attach.schema_name
            USING ERRCODE = 'invalid_schema_name',
                  HINT = 'Name the schema that holds, or shall hold, the tables of the application.';
    END IF;
    IF attach.schema_name LIKE 'pg\_%' OR attach.schema_name IN ('information_schema', 'btwin', 'btwin_api', 'btwin_bi') THEN
        RAISE EXCEPTION 'schema "%" cannot be attached', attach.schema_name
            USING ERRCODE = 'invalid_parameter_value',
                  DETAIL = 'It belongs to the server or to btwin.',
                  HINT = 'Name the schema that holds, or shall hold, the tables of the application.';
    END IF;
    PERFORM btwin._check_time_zone(attach.default_time_zone) WHERE attach.default_time_zone IS NOT NULL;

    -- one at a time, one schema
    PERFORM pg_advisory_xact_lock(hashtextextended('btwin.attach', 0));
    IF to_regclass('btwin.attachment') IS NOT NULL
       AND NOT EXISTS (SELECT FROM pg_class c WHERE c.oid = to_regclass('btwin.attachment')) THEN
        -- names are looked up as they are now, rows as they were
        RAISE EXCEPTION 'could not serialize access due to a concurrent btwin.attach'
            USING ERRCODE = 'serialization_failure',
                  DETAIL = format('The snapshot of this transaction (%s) was taken before.', current_setting('transaction_isolation')),
                  HINT = 'Repeat the transaction.';
    END IF;
    SELECT format('btwin.%I', c.relname) INTO missing
    FROM pg_class c
    WHERE c.oid IN (to_regclass('btwin.attachment'), to_regclass('btwin.attached_object'), to_regclass('btwin.learner')) AND c.relkind <> 'r'
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION '% is not a table', missing
            USING ERRCODE = 'wrong_object_type',
                  DETAIL = 'It was not made by btwin.attach.',
                  HINT = 'Rename or drop it: attach keeps a table of that name.';
    END IF;
    attached := btwin.attached_schema();
    IF attached <> attach.schema_name THEN
        RAISE EXCEPTION 'schema "%" is attached already', attached
            USING ERRCODE = 'object_not_in_prerequisite_state',
                  DETAIL = 'One schema of a database can be attached.',
                  HINT = 'SELECT * FROM btwin.detach()';
    END IF;

    -- whose it will be
    SELECT pg_get_userbyid(c.relowner) INTO made_by FROM pg_class c WHERE c.oid = to_regclass('btwin.attachment');
    SELECT coalesce(array_agg(DISTINCT pg_get_userbyid(c.relowner) ORDER BY pg_get_userbyid(c.relowner)), '{}') INTO table_owners
    FROM btwin.domain_table t
    JOIN pg_class c ON c.relname = t.table_name AND c.relkind IN ('r', 'p')
    JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = attach.schema_name;
    target := coalesce(attach.owner, CASE WHEN attached IS NOT NULL THEN made_by END,
                       CASE cardinality(table_owners) WHEN 0 THEN caller WHEN 1 THEN table_owners[1] END);
    IF target IS NULL THEN
        RAISE EXCEPTION 'the tables in schema "%" have several owners', attach.schema_name
            USING ERRCODE = 'invalid_parameter_value',
                  DETAIL = format('Found owners: %s. Everything that attach makes belongs to one role.', array_to_string(table_owners, ', ')),
                  HINT = format('Name the role: SELECT * FROM btwin.attach(%L, owner => %L)', attach.schema_name, table_owners[1]);
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles r WHERE r.rolname = target) THEN
        RAISE EXCEPTION 'role "%" does not exist', target
            USING ERRCODE = 'undefined_object',
                  HINT = 'Name the role that shall own what attach makes.';
    END IF;
    IF attached IS NOT NULL AND made_by <> target THEN
        RAISE EXCEPTION 'what is attached belongs to role "%", not to "%"', made_by, target
            USING ERRCODE = 'invalid_parameter_value',
                  HINT = 'SELECT * FROM btwin.detach() first, then attach with the other owner.';
    END IF;
    SELECT string_agg(quote_ident(r), ', ') INTO missing
    FROM unnest(CASE WHEN target = ANY (table_owners) THEN table_owners ELSE table_owners || target END) AS r
    WHERE NOT caller_is_super AND NOT pg_has_role(caller, r, member_right);
    IF missing IS NOT NULL THEN
        RAISE EXCEPTION 'role "%" may not attach for role %', caller, missing
            USING ERRCODE = 'insufficient_privilege',
                  DETAIL = 'The owner of the tables attaches, a member of that role, or a superuser.',
                  HINT = 'Call btwin.attach as the owner of the tables.';
    END IF;

    -- that role makes views and functions in btwin
    object := 'btwin';
    kind := 'schema';
    action := 'found';
    detail := format('role %I makes and uses objects in it', target);
    IF NOT (has_schema_privilege(target, 'btwin', 'CREATE') AND has_schema_privilege(target, 'btwin', 'USAGE')) THEN
        IF NOT pg_has_role(caller, (SELECT n.nspowner FROM pg_namespace n WHERE n.nspname = 'btwin'), 'USAGE') THEN
            RAISE EXCEPTION 'role "%" may not create objects in schema btwin', target
                USING ERRCODE = 'insufficient_privilege',
                      DETAIL = 'Adapter views and window functions are made there.',
                      HINT = format('Let the owner of the extension run: GRANT USAGE, CREATE ON SCHEMA btwin TO %I', target);
        END IF;
        EXECUTE format('GRANT USAGE, CREATE ON SCHEMA btwin TO %I', target);
        action := 'granted';
    END IF;
    IF NOT has_schema_privilege(target, attach.schema_name, 'USAGE') THEN
        RAISE EXCEPTION 'role "%" may not use schema "%"', target, attach.schema_name
            USING ERRCODE = 'insufficient_privilege',
                  HINT = format('GRANT USAGE ON SCHEMA %I TO %I', attach.schema_name, target);
    END IF;
    RETURN NEXT;

    -- left over from an earlier attach under another owner
    IF made_by <> target THEN
        FOR part IN SELECT c.oid::regclass AS relation FROM pg_class c
                    WHERE c.oid IN (SELECT to_regclass('btwin.' || n.name)
                                    FROM unnest('{attachment,attached_object,learner}'::name[] || btwin._store_tables()) AS n (name))
        LOOP
            EXECUTE format('ALTER TABLE %s OWNER TO %I', part.relation, target);
        END LOOP;
    END IF;

    -- From here on as that role, so that its own rights and default privileges
    -- decide, never those of a superuser who calls.
    IF target <> caller THEN
        PERFORM set_config('role', target::text, true);
    END IF;

    FOR part IN SELECT s.check_function FROM btwin.attach_step s WHERE s.check_function IS NOT NULL ORDER BY s.position LOOP
        EXECUTE format('SELECT %s($1, $2)', part.check_function) USING attach.schema_name, attach.create_indexes;
    END LOOP;

    IF to_regclass('btwin.attachment') IS NULL THEN
        EXECUTE format($create$CREATE TABLE btwin.attachment (
            only_one            boolean PRIMARY KEY DEFAULT true CHECK (only_one),
            schema_name         name NOT NULL,
            default_time_zone   text NOT NULL CHECK (%s),
            triggers            boolean NOT NULL DEFAULT true,
            attached_at         timestamptz NOT NULL DEFAULT now(),
            detached_at         timestamptz
        )$create$, btwin._time_zone_condition('default_time_zone'));
        COMMENT ON TABLE btwin.attachment IS 'What btwin.attach attached; one row';
        COMMENT ON COLUMN btwin.attachment.only_one IS 'One schema of a database can be attached';
        COMMENT ON COLUMN btwin.attachment.schema_name IS 'Schema of the tables';
        COMMENT ON COLUMN btwin.attachment.default_time_zone IS 'IANA name of the time zone of learners who have none of their own';
        COMMENT ON COLUMN btwin.attachment.triggers IS 'True: triggers note changes of old rows as they happen; false: nothing does, refresh compares what is stored with the tables';
        COMMENT ON COLUMN btwin.attachment.attached_at IS 'When attached';
        COMMENT ON COLUMN btwin.attachment.detached_at IS 'When detached; NULL: attached';
        GRANT SELECT ON btwin.attachment TO PUBLIC;
    END IF;
    IF to_regclass('btwin.attached_object') IS NULL THEN
        CREATE TABLE btwin.attached_object (
            kind        text NOT NULL,
            schema_name name NOT NULL,
            object_name name NOT NULL,
            table_name  name NOT NULL,
            made        boolean NOT NULL,
            definition  text,
            PRIMARY KEY (kind, schema_name, object_name)
        );
        COMMENT ON TABLE btwin.attached_object IS 'What btwin.attach made or adopted; btwin.detach removes nothing else';
        COMMENT ON COLUMN btwin.attached_object.kind IS 'table, view, function or index';
        COMMENT ON COLUMN btwin.attached_object.schema_name IS 'Schema of the object';
        COMMENT ON COLUMN btwin.attached_object.object_name IS 'Name of the object';
        COMMENT ON COLUMN btwin.attached_object.table_name IS 'Table of the data model it belongs to';
        COMMENT ON COLUMN btwin.attached_object.made IS 'True: attach made it; false: attach adopted it';
        COMMENT ON COLUMN btwin.attached_object.definition IS 'Statement that made it, as btwin wrote it; another one now means that it must be made anew';
        GRANT SELECT ON btwin.attached_object TO PUBLIC;
    END IF;

    object := 'btwin.attachment';
    kind := 'settings';
    SELECT a.* INTO settings FROM btwin.attachment a;
    IF NOT FOUND THEN
        action := 'created';
        INSERT INTO btwin.attachment (schema_name, default_time_zone, triggers)
        VALUES (attach.schema_name, coalesce(attach.default_time_zone, 'UTC'), coalesce(attach.triggers, true));
    ELSIF settings.detached_at IS NULL AND settings.default_time_zone = coalesce(attach.default_time_zone, settings.default_time_zone)
          AND settings.triggers = coalesce(attach.triggers, settings.triggers) THEN
        action := 'found';
    ELSE
        action := 'changed';
        UPDATE btwin.attachment a
        SET schema_name = attach.schema_name,
            default_time_zone = coalesce(attach.default_time_zone, a.default_time_zone),
            triggers = coalesce(attach.triggers, a.triggers),
            attached_at = CASE WHEN a.detached_at IS NULL THEN a.attached_at ELSE now() END,
            detached_at = NULL;
    END IF;
    SELECT format('schema %I, default time zone %s', a.schema_name, a.default_time_zone)
           || CASE WHEN settings.default_time_zone <> a.default_time_zone THEN format(' (was %s)', settings.default_time_zone) ELSE '' END
    INTO detail FROM btwin.attachment a;
    RETURN NEXT;

    FOR part IN SELECT s.attach_function FROM btwin.attach_step s ORDER BY s.position LOOP
        RETURN QUERY EXECUTE format('SELECT s.object, s.kind, s.action, s.detail FROM %s($1, $2) AS s', part.attach_function)
                     USING attach.schema_name, attach.create_indexes;
    END LOOP;

    IF target <> caller THEN
        PERFORM set_config('role', previous_role, true);
    END IF;
END
$attach$;
COMMENT ON FUNCTION btwin.attach(name, boolean, name, text, boolean) IS
'Attaches the tables of the application in a schema: adopts those of the data model that exist (columns in camelCase or snake_case, enum or text, timestamp meant as UTC or timestamptz), creates the others, and makes adapter views, window functions, settings, indexes, the store and its triggers around them. One row per object: what was made (created, adopted, changed, granted), found, or is missing. A second call finds all. create_indexes false: indexes are only reported. owner: the role everything belongs to, by default the owner of the adopted tables, or the caller. default_time_zone: IANA name for learners without one of their own, by default the one recorded, at first UTC. triggers: whether triggers note changes of old rows, by default as recorded, at first true; false for engines without triggers. Everything is checked before the first change; errors name table, column, what was found and what is needed.';
-- How attached tables are read: the adapter view btwin.<table> for people and
-- BI, and the window function btwin.<table>_window for everything about one
-- learner.
--
-- A view that converts its time column is no way to read one learner's rows:
-- the converted comparison is not leakproof, so row security keeps it out of
-- the index. The window function compares the raw column with a converted bound
-- and is inlined by the planner: LANGUAGE sql, a string body, STABLE, neither
-- STRICT nor SECURITY DEFINER, no SET. The string body also records no
-- dependency on the table.

CREATE FUNCTION btwin._view_statement(schema_name name, table_name name) RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $view_statement$
SELECT format(E'CREATE VIEW btwin.%1$I WITH (security_invoker = true) AS\nSELECT %3$s\nFROM %2$I.%1$I AS t\nWHERE btwin.adapter_layout() OPERATOR(pg_catalog.=) 1',
              table_name, schema_name,
              (SELECT string_agg(format('%s AS %I', a.expression, a.column_name), E',\n       ' ORDER BY d.position)
               FROM btwin._adoption(schema_name, table_name) a
               JOIN btwin.domain_column d ON d.table_name = a.table_name AND d.column_name = a.column_name AND NOT d.secret))
$view_statement$;
COMMENT ON FUNCTION btwin._view_statement(name, name) IS
'Internal: the statement that creates the adapter view of a table.';

CREATE FUNCTION btwin._window_statement(schema_name name, table_name name) RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $window_statement$
SELECT format(E'CREATE FUNCTION btwin.%1$I(user_id text, from_at timestamptz, to_at timestamptz) RETURNS SETOF btwin.%2$I\nLANGUAGE sql STABLE PARALLEL SAFE ROWS 100\nAS %3$L',
              t.table_name || '_window', t.table_name,
              format(E'\nSELECT %s\nFROM %I.%I AS t\nWHERE t.%I OPERATOR(pg_catalog.=) $1\n  AND t.%5$I OPERATOR(pg_catalog.>=) %6$s\n  AND t.%5$I OPERATOR(pg_catalog.<) %7$s\n',
                     c.shown, schema_name, t.table_name, c.learner_name, c.moment_name,
                     CASE WHEN c.moment_is_utc THEN '($2 AT TIME ZONE ''UTC'')' ELSE '$2' END,
                     CASE WHEN c.moment_is_utc THEN '($3 AT TIME ZONE ''UTC'')' ELSE '$3' END))
FROM btwin.domain_table t
CROSS JOIN LATERAL (
    SELECT string_agg(a.expression, E',\n       ' ORDER BY d.position) FILTER (WHERE NOT d.secret),
           min(a.found_name::text) FILTER (WHERE a.column_name = t.learner_column),
           min(a.found_name::text) FILTER (WHERE a.column_name = t.moment_column),
           bool_or(a.expression LIKE '%AT TIME ZONE%') FILTER (WHERE a.column_name = t.moment_column)
    FROM btwin._adoption(schema_name, t.table_name) a
    JOIN btwin.domain_column d ON d.table_name = a.table_name AND d.column_name = a.column_name
) AS c (shown, learner_name, moment_name, moment_is_utc)
WHERE t.table_name = _window_statement.table_name AND t.learner_column = 'user_id' AND t.moment_column IS NOT NULL
$window_statement$;
COMMENT ON FUNCTION btwin._window_statement(name, name) IS
'Internal: the statement that creates the window function of a table; NULL where the table has no learner or no moment.';

CREATE FUNCTION btwin._view_exists(table_name name) RETURNS boolean
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $view_exists$
SELECT EXISTS (SELECT FROM pg_class c
               WHERE c.oid = to_regclass(format('btwin.%I', table_name)) AND c.relkind = 'v')
$view_exists$;
COMMENT ON FUNCTION btwin._view_exists(name) IS
'Internal: btwin.<table> exists and is a view.';

CREATE FUNCTION btwin._window_exists(table_name name) RETURNS boolean
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $window_exists$
SELECT to_regprocedure(format('btwin.%I(text, timestamptz, timestamptz)', table_name || '_window')) IS NOT NULL
$window_exists$;
COMMENT ON FUNCTION btwin._window_exists(name) IS
'Internal: btwin.<table>_window(text, timestamptz, timestamptz) exists.';

CREATE FUNCTION btwin._check_views(schema_name name, create_indexes boolean) RETURNS boolean
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $check_views$
DECLARE
    taken record;
    known boolean := false;
BEGIN
    FOR taken IN
        SELECT t.table_name AS object_name, 'view' AS kind, t.table_name, format('btwin.%I', t.table_name) AS shown
        FROM btwin.domain_table t WHERE to_regclass(format('btwin.%I', t.table_name)) IS NOT NULL
        UNION ALL
        SELECT t.table_name || '_window', 'function', t.table_name, format('btwin.%I(text, timestamptz, timestamptz)', t.table_name || '_window')
        FROM btwin.domain_table t WHERE btwin._window_exists(t.table_name)
    LOOP
        IF to_regclass('btwin.attached_object') IS NOT NULL THEN
            EXECUTE 'SELECT EXISTS (SELECT FROM btwin.attached_object o WHERE o.kind = $1 AND o.schema_name = ''btwin'' AND o.object_name = $2)'
            INTO known USING taken.kind, taken.object_name;
        END IF;
        IF NOT known OR (taken.kind = 'view' AND NOT btwin._view_exists(taken.table_name)) THEN
            RAISE EXCEPTION '% exists already', taken.shown
                USING ERRCODE = 'duplicate_object',
                      DETAIL = 'It was not made by btwin.attach.',
                      HINT = format('Rename or drop it: the name is needed for the %s of the table.',
                                    CASE taken.kind WHEN 'view' THEN 'adapter view' ELSE 'window function' END);
        END IF;
    END LOOP;
    RETURN true;
END
$check_views$;
COMMENT ON FUNCTION btwin._check_views(name, boolean) IS
'Internal: raises an error where the name of an adapter view or window function is taken by something else.';

CREATE FUNCTION btwin._attach_views(schema_name name, create_indexes boolean)
RETURNS TABLE (object text, kind text, action text, detail text)
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $attach_views$
#variable_conflict use_column
DECLARE
    model           record;
    part            record;
    view_text       text;
    window_text     text;
    view_exists     boolean;
    window_exists   boolean;
    view_known      boolean;
    window_known    boolean;
BEGIN
    FOR model IN SELECT t.* FROM btwin.domain_table t ORDER BY t.position LOOP
        view_text := btwin._view_statement(schema_name, model.table_name);
        window_text := btwin._window_statement(schema_name, model.table_name);
        view_exists := btwin._view_exists(model.table_name);
        window_exists := btwin._window_exists(model.table_name);
        -- a view without security_invoker would show rows its reader may not see
        view_known := view_exists
            AND EXISTS (SELECT FROM btwin.attached_object o
                        WHERE o.kind = 'view' AND o.schema_name = 'btwin' AND o.object_name = model.table_name AND o.definition = view_text)
            AND EXISTS (SELECT FROM pg_class c WHERE c.oid = format('btwin.%I', model.table_name)::regclass
                                                 AND c.reloptions @> ARRAY['security_invoker=true']);
        window_known := view_known AND window_exists
            AND EXISTS (SELECT FROM btwin.attached_object o
                        WHERE o.kind = 'function' AND o.schema_name = 'btwin' AND o.object_name = model.table_name || '_window'
                          AND o.definition = window_text);

        IF window_exists AND NOT window_known THEN
            EXECUTE format('DROP FUNCTION btwin.%I(text, timestamptz, timestamptz)', model.table_name || '_window');
        END IF;
        IF view_exists AND NOT view_known THEN
            EXECUTE format('DROP VIEW btwin.%I', model.table_name);
        END IF;

        object := format('btwin.%I', model.table_name);
        kind := 'view';
        detail := format('reads %I.%I', schema_name, model.table_name);
        action := 'found';
        IF NOT view_known THEN
            EXECUTE view_text;
            EXECUTE format('COMMENT ON VIEW btwin.%I IS %L', model.table_name, model.comment);
            FOR part IN SELECT d.column_name, btwin._column_comment(d) AS comment
                        FROM btwin.domain_column d WHERE d.table_name = model.table_name AND NOT d.secret ORDER BY d.position LOOP
                EXECUTE format('COMMENT ON COLUMN btwin.%I.%I IS %L', model.table_name, part.column_name, part.comment);
            END LOOP;
            INSERT INTO btwin.attached_object (kind, schema_name, object_name, table_name, made, definition)
            VALUES ('view', 'btwin', model.table_name, model.table_name, true, view_text)
            ON CONFLICT (kind, schema_name, object_name) DO UPDATE SET made = true, definition = excluded.definition;
            action := CASE WHEN view_exists THEN 'changed' ELSE 'created' END;
        END IF;
        RETURN NEXT;

        CONTINUE WHEN window_text IS NULL;
        object := format('btwin.%I(text, timestamptz, timestamptz)', model.table_name || '_window');
        kind := 'function';
        detail := format('rows of one learner, %s in [from_at, to_at)', model.moment_column);
        action := 'found';
        IF NOT window_known THEN
            EXECUTE window_text;
            EXECUTE format('COMMENT ON FUNCTION %s IS %L', object,
                           format('Rows of btwin.%I of one learner with from_at <= %s < to_at. Reads with the rights and policies of its caller. Inlined by the planner where no argument is volatile or a subquery; both bounds are needed, a NULL argument gives no rows.',
                                  model.table_name, model.moment_column));
            INSERT INTO btwin.attached_object (kind, schema_name, object_name, table_name, made, definition)
            VALUES ('function', 'btwin', model.table_name || '_window', model.table_name, true, window_text)
            ON CONFLICT (kind, schema_name, object_name) DO UPDATE SET made = true, definition = excluded.definition;
            action := CASE WHEN window_exists THEN 'changed' ELSE 'created' END;
        END IF;
        RETURN NEXT;
    END LOOP;
END
$attach_views$;
COMMENT ON FUNCTION btwin._attach_views(name, boolean) IS
'Internal: makes the adapter views and window functions, anew where the table or the data model changed.';
-- The indexes btwin wants, what serves each, and the step of attach that makes
-- those that nothing serves.

CREATE FUNCTION btwin._index_plan(schema_name name)
RETURNS TABLE (index_name name, table_name name, relation oid, table_owner name, columns text, statement text,
               keyed_by_enum text, serving oid, serving_name name, own boolean, blocked boolean)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $index_plan$
WITH adopted AS MATERIALIZED (
    SELECT a.* FROM btwin._adoption(schema_name) a
), wanted AS MATERIALIZED (
    SELECT i.index_name, i.table_name, k.relation, pg_get_userbyid(c.relowner) AS table_owner, k.attnums, k.columns, k.enums,
           x.attnums AS carried, x.columns AS carried_columns
    FROM btwin.domain_index i
    CROSS JOIN LATERAL (
        SELECT min(a.relation), array_agg(a.attnum ORDER BY w.ordinality),
               string_agg(quote_ident(a.found_name) || CASE WHEN w.name = ANY (i.descending) THEN ' DESC' ELSE '' END, ', ' ORDER BY w.ordinality),
               string_agg(quote_ident(a.found_name), ', ' ORDER BY w.ordinality) FILTER (WHERE a.is_enum)
        FROM unnest(i.columns) WITH ORDINALITY AS w (name, ordinality)
        JOIN adopted a ON a.table_name = i.table_name AND a.column_name = w.name
    ) AS k (relation, attnums, columns, enums)
    CROSS JOIN LATERAL (
        SELECT coalesce(array_agg(a.attnum ORDER BY w.ordinality), '{}'),
               string_agg(quote_ident(a.found_name), ', ' ORDER BY w.ordinality)
        FROM unnest(i.include) WITH ORDINALITY AS w (name, ordinality)
        JOIN adopted a ON a.table_name = i.table_name AND a.column_name = w.name
    ) AS x (attnums, columns)
    JOIN pg_class c ON c.oid = k.relation
)
SELECT w.index_name, w.table_name, w.relation, w.table_owner,
       '(' || w.columns || ')' || coalesce(' include (' || w.carried_columns || ')', ''),
       format('CREATE INDEX %I ON %I.%I (%s)', w.index_name, schema_name, w.table_name, w.columns)
           || coalesce(' INCLUDE (' || w.carried_columns || ')', ''),
       w.enums, s.oid, s.relname, coalesce(s.relname = w.index_name, false),
       coalesce(s.relname <> w.index_name, true)
           AND EXISTS (SELECT FROM pg_class c WHERE c.oid = to_regclass(format('%I.%I', schema_name, w.index_name)))
FROM wanted w
LEFT JOIN LATERAL (
    -- Serves: same leading columns in order and what is carried beside them, for
    -- every row, with the order and the equality the column itself has. Downwards
    -- or upwards is the same to a b-tree.
    SELECT c.oid, c.relname
    FROM pg_index x
    JOIN pg_class c ON c.oid = x.indexrelid
    JOIN pg_am m ON m.oid = c.relam AND m.amname = 'btree'
    WHERE x.indrelid = w.relation
      AND x.indisvalid AND x.indisready AND x.indislive AND x.indpred IS NULL
      AND x.indnkeyatts >= cardinality(w.attnums)
      AND (x.indkey::int2[])[0:cardinality(w.attnums) - 1] = w.attnums
      AND w.carried <@ x.indkey::int2[]
      AND NOT EXISTS (
          SELECT FROM generate_series(0, cardinality(w.attnums) - 1) AS n
          JOIN pg_opclass o ON o.oid = x.indclass[n]
          JOIN pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = x.indkey[n]
          WHERE NOT o.opcdefault OR x.indcollation[n] <> a.attcollation)
    ORDER BY c.relname = w.index_name DESC, x.indnatts, c.relname
    LIMIT 1
) AS s ON true
$index_plan$;
COMMENT ON FUNCTION btwin._index_plan(name) IS
'Internal: for each wanted index of the tables that exist in a schema, the statement that creates it, the index that serves already, and whether its name is taken by something that does not serve.';

CREATE FUNCTION btwin._check_indexes(schema_name name, create_indexes boolean) RETURNS boolean
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $check_indexes$
DECLARE
    problem record;
BEGIN
    IF NOT create_indexes THEN
        RETURN true;
    END IF;
    SELECT p.* INTO problem FROM btwin._index_plan(schema_name) p
    WHERE p.serving IS NULL AND p.blocked ORDER BY p.index_name LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'the name of index %.% is taken', quote_ident(schema_name), quote_ident(problem.index_name)
            USING ERRCODE = 'duplicate_object',
                  DETAIL = format('What bears the name is no valid index on %I %s.', problem.table_name, problem.columns),
                  HINT = 'Drop or rename it; an index that was left invalid by CREATE INDEX CONCURRENTLY is dropped and created again.';
    END IF;
    SELECT p.* INTO problem FROM btwin._index_plan(schema_name) p
    WHERE p.serving IS NULL AND NOT has_schema_privilege(p.table_owner, schema_name, 'CREATE') ORDER BY p.index_name LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'role "%" may not create indexes in schema %', problem.table_owner, quote_ident(schema_name)
            USING ERRCODE = 'insufficient_privilege',
                  DETAIL = format('The first index to create is %s.', problem.index_name),
                  HINT = format('GRANT CREATE ON SCHEMA %I TO %I, or attach with create_indexes => false.', schema_name, problem.table_owner);
    END IF;
    RETURN true;
END
$check_indexes$;
COMMENT ON FUNCTION btwin._check_indexes(name, boolean) IS
'Internal: raises an error where a wanted index of an adopted table could not be created.';

CREATE FUNCTION btwin._attach_indexes(schema_name name, create_indexes boolean)
RETURNS TABLE (object text, kind text, action text, detail text)
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $attach_indexes$
#variable_conflict use_column
DECLARE
    part record;
BEGIN
    FOR part IN
        SELECT p.*, i.number, i.purpose FROM btwin._index_plan(schema_name) p
        JOIN btwin.domain_index i ON i.index_name = p.index_name
        JOIN btwin.domain_table t ON t.table_name = i.table_name
        ORDER BY i.number, t.position
    LOOP
        object := format('%I.%I', schema_name, part.index_name);
        kind := 'index';
        detail := concat(coalesce('number ' || part.number, 'additional'), ', ', part.table_name, ' ', part.columns);
        IF part.serving IS NOT NULL THEN
            action := 'found';
            IF NOT part.own THEN
                detail := detail || format(', served by %I', part.serving_name);
            END IF;
        ELSIF create_indexes THEN
            PERFORM btwin._execute_as(part.table_owner, part.statement);
            PERFORM btwin._execute_as(part.table_owner,
                        format('COMMENT ON INDEX %s IS %L', object, 'btwin: ' || part.purpose));
            INSERT INTO btwin.attached_object (kind, schema_name, object_name, table_name, made, definition)
            VALUES ('index', _attach_indexes.schema_name, part.index_name, part.table_name, true, part.statement)
            ON CONFLICT (kind, schema_name, object_name) DO UPDATE SET made = true, definition = excluded.definition;
            action := 'created';
        ELSE
            action := 'missing';
            detail := detail || ', ' || part.statement;
        END IF;
        RETURN NEXT;
    END LOOP;
END
$attach_indexes$;
COMMENT ON FUNCTION btwin._attach_indexes(name, boolean) IS
'Internal: creates the wanted indexes that no index serves, or reports them.';

CREATE FUNCTION btwin.index_catalog()
RETURNS TABLE (index_name name, number integer, table_name name, columns text, purpose text, claim text, origin text,
               present boolean, served_by name, created_by_attach boolean, size_bytes bigint, scans bigint, note text, statement text)
LANGUAGE plpgsql STABLE ROWS 60
SET search_path = pg_catalog, pg_temp
AS $index_catalog$
#variable_conflict use_column
DECLARE
    attached name := btwin.require_attached();
BEGIN
    RETURN QUERY
    SELECT i.index_name, i.number, i.table_name, p.columns, i.purpose, i.claim, i.origin,
           p.serving IS NOT NULL, p.serving_name,
           p.own AND EXISTS (SELECT FROM btwin.attached_object o
                             WHERE o.kind = 'index' AND o.schema_name = attached AND o.object_name = i.index_name AND o.made),
           s.size_bytes, s.scans,
           nullif(concat_ws(' ', i.note,
                     'Keyed by the enum column ' || p.keyed_by_enum
                     || ', whose equality is not leakproof: under row security a learner''s query uses the columns before it only.'), ''),
           p.statement
    FROM btwin.domain_index i
    JOIN btwin.domain_table t ON t.table_name = i.table_name
    JOIN btwin._index_plan(attached) p ON p.index_name = i.index_name
    LEFT JOIN LATERAL (
        SELECT sum(pg_relation_size(r.relid))::bigint, sum(pg_stat_get_numscans(r.relid))::bigint
        FROM (SELECT v.relid FROM pg_partition_tree(p.serving) v UNION SELECT p.serving) AS r (relid)
        WHERE r.relid IS NOT NULL
    ) AS s (size_bytes, scans) ON true
    ORDER BY i.number, t.position;
END
$index_catalog$;
COMMENT ON FUNCTION btwin.index_catalog() IS
'The rows of the view btwin.index_catalog; TW001 before attach.';

CREATE VIEW btwin.index_catalog WITH (security_invoker = true) AS
SELECT c.index_name, c.number, c.table_name, c.columns, c.purpose, c.claim, c.origin, c.present, c.served_by,
       c.created_by_attach, c.size_bytes, c.scans, c.note, c.statement
FROM btwin.index_catalog() AS c;
COMMENT ON VIEW btwin.index_catalog IS
'The indexes btwin wants on the attached tables: the 27 of the reference report and the additional ones of the window functions (Epic 5 domain model, 1.6)';
COMMENT ON COLUMN btwin.index_catalog.index_name IS 'Name attach gives to the index';
COMMENT ON COLUMN btwin.index_catalog.number IS 'Number in the list of 27; NULL: additional';
COMMENT ON COLUMN btwin.index_catalog.table_name IS 'Table';
COMMENT ON COLUMN btwin.index_catalog.columns IS 'Columns as the table spells them';
COMMENT ON COLUMN btwin.index_catalog.purpose IS 'What it serves';
COMMENT ON COLUMN btwin.index_catalog.claim IS 'What the reference report claims: speed-up of the query, for single columns with its word on selectivity';
COMMENT ON COLUMN btwin.index_catalog.origin IS 'report, report note, completion (of the count of 27) or additional';
COMMENT ON COLUMN btwin.index_catalog.present IS 'An index serves';
COMMENT ON COLUMN btwin.index_catalog.served_by IS 'The index that serves: the one of this name, or another one with the same leading columns; NULL: none';
COMMENT ON COLUMN btwin.index_catalog.created_by_attach IS 'attach made the index that serves, and detach removes it';
COMMENT ON COLUMN btwin.index_catalog.size_bytes IS 'Size of the index that serves, with its partitions, in bytes';
COMMENT ON COLUMN btwin.index_catalog.scans IS 'Scans of the index that serves since the statistics were reset';
COMMENT ON COLUMN btwin.index_catalog.note IS 'What a reader should know';
COMMENT ON COLUMN btwin.index_catalog.statement IS 'Statement that creates the index, for those who want to run it themselves with CONCURRENTLY';
GRANT SELECT ON btwin.index_catalog TO PUBLIC;
-- detach: removes what attach made around the tables, never a learner's row.

CREATE FUNCTION btwin._detach_tables(drop_derived boolean, drop_data boolean)
RETURNS TABLE (object text, kind text, action text, detail text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $detach_tables$
SELECT format('%I.%I', o.schema_name, o.object_name), 'table', 'kept',
       CASE WHEN o.made THEN 'made by attach, holds rows of learners' ELSE 'table of the application' END
FROM btwin.attached_object o
JOIN btwin.domain_table t ON t.table_name = o.table_name
WHERE o.kind = 'table' AND to_regclass(format('%I.%I', o.schema_name, o.object_name)) IS NOT NULL
ORDER BY t.position
$detach_tables$;
COMMENT ON FUNCTION btwin._detach_tables(boolean, boolean) IS
'Internal: says that the tables stay.';

CREATE FUNCTION btwin._detach_settings(drop_derived boolean, drop_data boolean)
RETURNS TABLE (object text, kind text, action text, detail text)
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $detach_settings$
BEGIN
    IF to_regclass('btwin.learner') IS NULL THEN
        RETURN;
    END IF;
    object := 'btwin.learner';
    kind := 'settings';
    IF drop_data THEN
        DROP TABLE btwin.learner;
        action := 'dropped';
        detail := 'drop_data';
    ELSE
        action := 'kept';
        detail := 'settings of learners; drop_data => true drops them';
    END IF;
    RETURN NEXT;
END
$detach_settings$;
COMMENT ON FUNCTION btwin._detach_settings(boolean, boolean) IS
'Internal: keeps btwin.learner, or drops it with drop_data.';

CREATE FUNCTION btwin._detach_views(drop_derived boolean, drop_data boolean)
RETURNS TABLE (object text, kind text, action text, detail text)
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $detach_views$
#variable_conflict use_column
DECLARE
    part record;
BEGIN
    detail := NULL;
    action := 'dropped';
    -- a window function returns rows of its view: it goes first
    FOR part IN
        SELECT o.kind, o.object_name, o.table_name
        FROM btwin.attached_object o JOIN btwin.domain_table t ON t.table_name = o.table_name
        WHERE o.kind IN ('function', 'view') AND o.schema_name = 'btwin'
        ORDER BY o.kind, t.position DESC
    LOOP
        kind := part.kind;
        IF part.kind = 'function' AND btwin._window_exists(part.table_name) THEN
            object := format('btwin.%I(text, timestamptz, timestamptz)', part.object_name);
            EXECUTE format('DROP FUNCTION %s', object);
            RETURN NEXT;
        ELSIF part.kind = 'view' AND btwin._view_exists(part.table_name) THEN
            object := format('btwin.%I', part.object_name);
            EXECUTE format('DROP VIEW %s', object);
            RETURN NEXT;
        END IF;
    END LOOP;
    DELETE FROM btwin.attached_object o WHERE o.kind IN ('function', 'view') AND o.schema_name = 'btwin';
END
$detach_views$;
COMMENT ON FUNCTION btwin._detach_views(boolean, boolean) IS
'Internal: drops window functions and adapter views.';

CREATE FUNCTION btwin._detach_indexes(drop_derived boolean, drop_data boolean)
RETURNS TABLE (object text, kind text, action text, detail text)
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $detach_indexes$
#variable_conflict use_column
DECLARE
    part record;
BEGIN
    kind := 'index';
    FOR part IN
        SELECT o.schema_name, o.object_name, pg_get_userbyid(r.relowner) AS table_owner, r.relname AS table_name
        FROM btwin.attached_object o
        JOIN pg_class c ON c.oid = to_regclass(format('%I.%I', o.schema_name, o.object_name))
        JOIN pg_index x ON x.indexrelid = c.oid
        JOIN pg_class r ON r.oid = x.indrelid AND r.relname = o.table_name
        LEFT JOIN btwin.domain_index i ON i.index_name = o.object_name
        WHERE o.kind = 'index' AND o.made
        ORDER BY i.number, o.object_name
    LOOP
        object := format('%I.%I', part.schema_name, part.object_name);
        PERFORM btwin._execute_as(part.table_owner, format('DROP INDEX %s', object));
        action := 'dropped';
        detail := format('made by attach on %I', part.table_name);
        RETURN NEXT;
    END LOOP;
    DELETE FROM btwin.attached_object o WHERE o.kind = 'index';
END
$detach_indexes$;
COMMENT ON FUNCTION btwin._detach_indexes(boolean, boolean) IS
'Internal: drops the indexes that attach made.';

CREATE FUNCTION btwin.detach(drop_derived boolean DEFAULT false, drop_data boolean DEFAULT false)
RETURNS TABLE (object text, kind text, action text, detail text)
LANGUAGE plpgsql VOLATILE ROWS 200
SET search_path = pg_catalog, pg_temp
AS $detach$
#variable_conflict use_column
DECLARE
    caller        name := current_user;
    previous_role text := current_setting('role');
    made_by       name;
    part          record;
BEGIN
    IF detach.drop_derived IS NULL OR detach.drop_data IS NULL THEN
        RAISE EXCEPTION 'argument "%" must not be null', CASE WHEN detach.drop_derived IS NULL THEN 'drop_derived' ELSE 'drop_data' END
            USING ERRCODE = 'null_value_not_allowed',
                  HINT = 'Leave the argument out to take its default.';
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended('btwin.attach', 0));
    SELECT pg_get_userbyid(c.relowner) INTO made_by FROM pg_class c WHERE c.oid = to_regclass('btwin.attachment');
    IF made_by IS NULL THEN
        RETURN;
    END IF;
    IF NOT (SELECT r.rolsuper FROM pg_roles r WHERE r.rolname = caller)
       AND NOT pg_has_role(caller, made_by, CASE WHEN current_setting('server_version_num')::integer >= 160000 THEN 'SET' ELSE 'MEMBER' END) THEN
        RAISE EXCEPTION 'role "%" may not detach for role "%"', caller, made_by
            USING ERRCODE = 'insufficient_privilege',
                  DETAIL = 'The owner of what is attached detaches, a member of that role, or a superuser.',
                  HINT = format('Call btwin.detach as %I.', made_by);
    END IF;
    IF made_by <> caller THEN
        PERFORM set_config('role', made_by::text, true);
    END IF;

    FOR part IN SELECT s.detach_function FROM btwin.attach_step s ORDER BY s.position DESC LOOP
        RETURN QUERY EXECUTE format('SELECT s.object, s.kind, s.action, s.detail FROM %s($1, $2) AS s', part.detach_function)
                     USING detach.drop_derived, detach.drop_data;
    END LOOP;

    object := 'btwin.attachment';
    kind := 'settings';
    IF detach.drop_data THEN
        DROP TABLE btwin.attachment, btwin.attached_object;
        action := 'dropped';
        detail := 'drop_data';
    ELSE
        UPDATE btwin.attachment a SET detached_at = now() WHERE a.detached_at IS NULL;
        action := 'kept';
        SELECT format('schema %I is detached; attach continues with default time zone %s', a.schema_name, a.default_time_zone)
        INTO detail FROM btwin.attachment a;
    END IF;
    RETURN NEXT;

    IF made_by <> caller THEN
        PERFORM set_config('role', previous_role, true);
    END IF;
END
$detach$;
COMMENT ON FUNCTION btwin.detach(boolean, boolean) IS
'Removes what btwin.attach made around the tables: adapter views, window functions and the indexes it created; one row per object dropped or kept. The tables stay, those attach created included. drop_derived: also drops what can be computed anew. drop_data: also drops settings, such as btwin.learner, and the record of the attachment. attach afterwards continues with what stayed. Call it before a migration that alters a column, or before DROP EXTENSION. No rows where nothing was attached.';
-- The store: what has been worked out of closed days, so that an answer about a
-- whole history reads a few rows instead of all of them.
--
-- Three tiers, one small state per row: btwin.user_day, btwin.user_month (merged
-- days), btwin.user_total (merged months, up to a stated day). Nothing in them is
-- the only copy of anything: btwin.rebuild() makes them anew from the tables of
-- the application. attach creates them, they belong to its owner.

CREATE TABLE btwin.store_family (
    family          text PRIMARY KEY,
    position        integer NOT NULL UNIQUE,
    state_column    name NOT NULL,
    window_days     integer CHECK (window_days > 0),
    counted         text NOT NULL,
    summed          text NOT NULL,
    comment         text NOT NULL
);
COMMENT ON TABLE btwin.store_family IS
'What the store keeps of a learner: one row per kind of state, the value of "family" in btwin.user_day, btwin.user_month and btwin.user_total';
COMMENT ON COLUMN btwin.store_family.family IS 'Name';
COMMENT ON COLUMN btwin.store_family.position IS 'Order';
COMMENT ON COLUMN btwin.store_family.state_column IS 'Column of the store that holds its state';
COMMENT ON COLUMN btwin.store_family.window_days IS 'An answer reads so many days up to its moment; NULL: the whole history';
COMMENT ON COLUMN btwin.store_family.counted IS 'What column n_rows counts';
COMMENT ON COLUMN btwin.store_family.summed IS 'What column total sums';
COMMENT ON COLUMN btwin.store_family.comment IS 'What the state is of';
GRANT SELECT ON btwin.store_family TO PUBLIC;

INSERT INTO btwin.store_family (family, position, state_column, window_days, counted, summed, comment) VALUES
    ('hour',             1,  'pattern',    182,  'sessions with a reported score',    'their scores, 0 to 1', 'scores of sessions by hour of the learner''s clock'),
    ('weekday',          2,  'pattern',    182,  'sessions with a reported score',    'their scores, 0 to 1', 'scores of sessions by weekday, 0 is Sunday'),
    ('content',          3,  'pattern',    182,  'sessions with a reported score',    'their scores, 0 to 1', 'scores of sessions by kind of content'),
    ('length',           4,  'pattern',    182,  'sessions with a reported score',    'their scores, 0 to 1', 'scores of sessions by their minutes'),
    ('hour_answered',    5,  'pattern',    182,  'sessions without a reported score', 'shares of answers not AGAIN', 'as hour, for sessions nobody reported a score of'),
    ('weekday_answered', 6,  'pattern',    182,  'sessions without a reported score', 'shares of answers not AGAIN', 'as weekday, for sessions nobody reported a score of'),
    ('length_answered',  7,  'pattern',    182,  'sessions without a reported score', 'shares of answers not AGAIN', 'as length, for sessions nobody reported a score of'),
    ('forgetting',       8,  'forgetting', NULL, 'reviews',                           'reviews not AGAIN',    'reviews of cards and their outcomes'),
    ('struggle',         9,  'struggle',   NULL, 'predictions with an outcome',       'of them struggled',    'a step of training at the prior model, over predictions whose outcome is known'),
    ('load',             10, 'load',       NULL, 'sessions with answers',             'their minutes',        'the learner''s baseline of cognitive load'),
    ('burnout',          11, 'burnout',    125,  'rows of five tables',               'minutes studied',      'days of study, load, answers and missions'),
    ('bandit',           12, 'bandit',     NULL, 'outcomes of a strategy',            'their performance, 0 to 1', 'rewards of strategies');

-- The columns the three tiers share, with their comments.
CREATE FUNCTION btwin._store_tiers()
RETURNS TABLE (tier name, period name, period_comment text, table_comment text)
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $store_tiers$
VALUES ('user_day'::name, 'day'::name, 'Day of the learner''s calendar',
        'What closed days of learners hold: one row per learner, family and day; days without rows have none'),
       ('user_month', 'month', 'First day of the month',
        'Merged days: one row per learner, family and month all of whose days are closed'),
       ('user_total', 'up_to', 'Last day that is in it',
        'Merged months: one row per learner and family that reads the whole history')
$store_tiers$;
COMMENT ON FUNCTION btwin._store_tiers() IS
'Internal: the tiers of the store, the name of their period column, comments.';

CREATE FUNCTION btwin._store_tables() RETURNS name[]
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $store_tables$SELECT '{user_day,user_month,user_total,user_mark,late_change,refresh_clock,refresh_run,store_partition,store_content}'::name[]$store_tables$;
COMMENT ON FUNCTION btwin._store_tables() IS
'Internal: names of the tables that attach makes for the store.';

CREATE FUNCTION btwin._check_store(schema_name name, create_indexes boolean) RETURNS boolean
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $check_store$
DECLARE
    taken text;
BEGIN
    SELECT format('btwin.%I', n.name) INTO taken
    FROM unnest(btwin._store_tables()) AS n (name)
    JOIN pg_class c ON c.oid = to_regclass(format('btwin.%I', n.name)) AND c.relkind <> 'r';
    IF FOUND THEN
        RAISE EXCEPTION '% is not a table', taken
            USING ERRCODE = 'wrong_object_type',
                  DETAIL = 'It was not made by btwin.attach.',
                  HINT = 'Rename or drop it: attach keeps a table of that name.';
    END IF;
    RETURN true;
END
$check_store$;
COMMENT ON FUNCTION btwin._check_store(name, boolean) IS
'Internal: raises an error where the name of a table of the store is taken.';

CREATE FUNCTION btwin._attach_store(schema_name name, create_indexes boolean)
RETURNS TABLE (object text, kind text, action text, detail text)
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $attach_store$
#variable_conflict use_column
DECLARE
    part record;
BEGIN
    kind := 'store';
    FOR part IN SELECT * FROM btwin._store_tiers() LOOP
        object := format('btwin.%I', part.tier);
        detail := format('one row per learner, family and %s', part.period);
        action := 'found';
        IF to_regclass(object) IS NULL THEN
            -- a state never goes out of line: a read fetches rows, not chunks
            EXECUTE format($create$CREATE TABLE btwin.%1$I (
                user_id     text NOT NULL,
                family      text NOT NULL,
                %2$I        date NOT NULL,
                n_rows      bigint NOT NULL,
                total       double precision,
                pattern     btwin.pattern,
                forgetting  btwin.forgetting,
                struggle    btwin.logit_step,
                load        btwin.load_baseline,
                burnout     btwin.burnout,
                bandit      btwin.bandit,
                PRIMARY KEY (user_id, family%3$s)
            )$create$, part.tier, part.period, CASE WHEN part.tier <> 'user_total' THEN format(', %I', part.period) END);
            EXECUTE format('ALTER TABLE btwin.%I ALTER pattern SET STORAGE MAIN, ALTER forgetting SET STORAGE MAIN, ALTER struggle SET STORAGE MAIN, ALTER load SET STORAGE MAIN, ALTER burnout SET STORAGE MAIN, ALTER bandit SET STORAGE MAIN', part.tier);
            EXECUTE format('COMMENT ON TABLE btwin.%I IS %L', part.tier, part.table_comment);
            EXECUTE format('COMMENT ON COLUMN btwin.%I.user_id IS %L', part.tier, 'Learner');
            EXECUTE format('COMMENT ON COLUMN btwin.%I.family IS %L', part.tier, 'Kind of state, see btwin.store_family');
            EXECUTE format('COMMENT ON COLUMN btwin.%I.%I IS %L', part.tier, part.period, part.period_comment);
            EXECUTE format('COMMENT ON COLUMN btwin.%I.n_rows IS %L', part.tier, 'How much is in it: btwin.store_family.counted says of what');
            EXECUTE format('COMMENT ON COLUMN btwin.%I.total IS %L', part.tier, 'A sum: btwin.store_family.summed says of what');
            EXECUTE format('COMMENT ON COLUMN btwin.%I.pattern IS %L', part.tier, 'State of the families about habits');
            EXECUTE format('COMMENT ON COLUMN btwin.%I.forgetting IS %L', part.tier, 'State of forgetting');
            EXECUTE format('COMMENT ON COLUMN btwin.%I.struggle IS %L', part.tier, 'State of struggle');
            EXECUTE format('COMMENT ON COLUMN btwin.%I.load IS %L', part.tier, 'State of load');
            EXECUTE format('COMMENT ON COLUMN btwin.%I.burnout IS %L', part.tier, 'State of burnout');
            EXECUTE format('COMMENT ON COLUMN btwin.%I.bandit IS %L', part.tier, 'State of bandit');
            action := 'created';
        END IF;
        RETURN NEXT;
    END LOOP;

    object := 'btwin.user_mark';
    detail := 'up to which day a learner is closed';
    action := 'found';
    IF to_regclass(object) IS NULL THEN
        CREATE TABLE btwin.user_mark (
            user_id         text PRIMARY KEY,
            closed_through  date NOT NULL,
            total_through   date NOT NULL,
            time_zone       text NOT NULL,
            refreshed_at    timestamptz NOT NULL
        );
        COMMENT ON TABLE btwin.user_mark IS 'The watermark of each learner: days up to it are in the store, later ones are read live';
        COMMENT ON COLUMN btwin.user_mark.user_id IS 'Learner';
        COMMENT ON COLUMN btwin.user_mark.closed_through IS 'Last closed day of the learner''s calendar';
        COMMENT ON COLUMN btwin.user_mark.total_through IS 'Last day of the last month all of whose days are closed: btwin.user_total reaches up to it';
        COMMENT ON COLUMN btwin.user_mark.time_zone IS 'Zone whose days are stored; where the learner has another one now, nothing stored is read until a refresh';
        COMMENT ON COLUMN btwin.user_mark.refreshed_at IS 'When a refresh last looked at the learner';
        action := 'created';
    END IF;
    RETURN NEXT;

    object := 'btwin.late_change';
    detail := 'notes of changes to days that may be closed';
    action := 'found';
    IF to_regclass(object) IS NULL THEN
        -- no key that two writers could wait for each other on
        CREATE TABLE btwin.late_change (
            user_id     text,
            from_day    date NOT NULL,
            to_day      date NOT NULL,
            noted_at    timestamptz NOT NULL DEFAULT clock_timestamp()
        );
        CREATE INDEX late_change_user ON btwin.late_change (user_id);
        -- deleted rows must be found by a publication for all tables
        ALTER TABLE btwin.late_change REPLICA IDENTITY FULL;
        COMMENT ON TABLE btwin.late_change IS 'Notes of changes to old rows, written by triggers, taken by refresh: until then the noted days are read live';
        COMMENT ON COLUMN btwin.late_change.user_id IS 'Learner; NULL: all of them';
        COMMENT ON COLUMN btwin.late_change.from_day IS 'First day, in UTC';
        COMMENT ON COLUMN btwin.late_change.to_day IS 'Last day, in UTC';
        COMMENT ON COLUMN btwin.late_change.noted_at IS 'When written';
        action := 'created';
    END IF;
    RETURN NEXT;

    object := 'btwin.refresh_clock';
    detail := 'moments and transaction numbers';
    action := 'found';
    IF to_regclass(object) IS NULL THEN
        CREATE TABLE btwin.refresh_clock (
            xid         xid8 PRIMARY KEY,
            taken_at    timestamptz NOT NULL,
            system_id   bigint NOT NULL
        );
        COMMENT ON TABLE btwin.refresh_clock IS 'What refresh knows of time: every transaction numbered later than xid began to write after taken_at';
        COMMENT ON COLUMN btwin.refresh_clock.xid IS 'Transaction that a refresh took after the moment';
        COMMENT ON COLUMN btwin.refresh_clock.taken_at IS 'The moment';
        COMMENT ON COLUMN btwin.refresh_clock.system_id IS 'System identifier of the server: numbers of another one mean nothing';
        action := 'created';
    END IF;
    RETURN NEXT;

    object := 'btwin.store_partition';
    detail := 'partitions the last refresh saw';
    action := 'found';
    IF to_regclass(object) IS NULL THEN
        CREATE TABLE btwin.store_partition (
            table_name  name NOT NULL,
            relation    oid NOT NULL,
            trigger_id  oid NOT NULL,
            PRIMARY KEY (table_name, relation)
        );
        COMMENT ON TABLE btwin.store_partition IS 'Tables and partitions as the last refresh saw them: what came or went since brought or took rows without a trigger';
        COMMENT ON COLUMN btwin.store_partition.table_name IS 'Table of the data model';
        COMMENT ON COLUMN btwin.store_partition.relation IS 'Table or partition that holds rows of it';
        COMMENT ON COLUMN btwin.store_partition.trigger_id IS 'Its trigger for new rows, 0 for none: another one now means that nothing was noted for a while';
        action := 'created';
    END IF;
    RETURN NEXT;

    object := 'btwin.store_content';
    detail := 'digests of months, where no triggers note changes';
    action := 'found';
    IF to_regclass(object) IS NULL THEN
        CREATE TABLE btwin.store_content (
            user_id     text NOT NULL,
            month       date NOT NULL,
            digest      text NOT NULL,
            PRIMARY KEY (user_id, month)
        );
        COMMENT ON TABLE btwin.store_content IS 'What the tables held when a refresh last compared them, by learner and month; only where no triggers note changes';
        COMMENT ON COLUMN btwin.store_content.user_id IS 'Learner';
        COMMENT ON COLUMN btwin.store_content.month IS 'First day of the month, in UTC';
        COMMENT ON COLUMN btwin.store_content.digest IS 'Of the rows of all tables that the store is worked out from';
        action := 'created';
    END IF;
    RETURN NEXT;

    object := 'btwin.refresh_run';
    detail := 'a row per run of refresh';
    action := 'found';
    IF to_regclass(object) IS NULL THEN
        CREATE TABLE btwin.refresh_run (
            run_id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            started_at      timestamptz NOT NULL,
            finished_at     timestamptz,
            learners        bigint NOT NULL,
            learners_done   bigint NOT NULL DEFAULT 0,
            days_written    bigint NOT NULL DEFAULT 0,
            closed_before   timestamptz,
            outcome         text NOT NULL DEFAULT 'running' CHECK (outcome IN ('running', 'done', 'failed', 'abandoned')),
            error           text
        );
        COMMENT ON TABLE btwin.refresh_run IS 'Runs of refresh and how far they came';
        COMMENT ON COLUMN btwin.refresh_run.run_id IS 'Number';
        COMMENT ON COLUMN btwin.refresh_run.started_at IS 'Start';
        COMMENT ON COLUMN btwin.refresh_run.finished_at IS 'End; NULL while it runs, or when its server stopped';
        COMMENT ON COLUMN btwin.refresh_run.learners IS 'Learners with something to do';
        COMMENT ON COLUMN btwin.refresh_run.learners_done IS 'Of them done and committed';
        COMMENT ON COLUMN btwin.refresh_run.days_written IS 'Rows of btwin.user_day written';
        COMMENT ON COLUMN btwin.refresh_run.closed_before IS 'Days that ended before this moment could be closed; NULL: none yet';
        COMMENT ON COLUMN btwin.refresh_run.outcome IS 'running, done, failed, or abandoned (found unfinished by a later run)';
        COMMENT ON COLUMN btwin.refresh_run.error IS 'First error of a learner, whose turn comes again; NULL: none';
        action := 'created';
    END IF;
    RETURN NEXT;
END
$attach_store$;
COMMENT ON FUNCTION btwin._attach_store(name, boolean) IS
'Internal: creates the tables of the store.';

CREATE FUNCTION btwin._detach_store(drop_derived boolean, drop_data boolean)
RETURNS TABLE (object text, kind text, action text, detail text)
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $detach_store$
DECLARE
    part name;
BEGIN
    kind := 'store';
    FOREACH part IN ARRAY btwin._store_tables() LOOP
        CONTINUE WHEN to_regclass(format('btwin.%I', part)) IS NULL;
        object := format('btwin.%I', part);
        IF drop_derived THEN
            EXECUTE format('DROP TABLE btwin.%I', part);
            action := 'dropped';
            detail := 'drop_derived: can be computed anew';
        ELSE
            action := 'kept';
            detail := 'computed anew by the next refresh; drop_derived => true drops it';
            -- while detached nobody notes changes: nothing stored counts any more
            IF part = 'user_mark' THEN
                DELETE FROM btwin.user_mark;
                DELETE FROM btwin.store_partition;
                DELETE FROM btwin.store_content;
            END IF;
        END IF;
        RETURN NEXT;
    END LOOP;
END
$detach_store$;
COMMENT ON FUNCTION btwin._detach_store(boolean, boolean) IS
'Internal: empties the watermarks, or drops the store with drop_derived.';

INSERT INTO btwin.attach_step (position, step, check_function, attach_function, detach_function, comment) VALUES
    (50, 'store', 'btwin._check_store', 'btwin._attach_store', 'btwin._detach_store', 'the store');
-- What a day of a learner says, family by family, worked out from the tables of
-- the application. The state of a day depends on rows of that day alone, and on
-- rows that belong to its sessions and lie within a day of it: so a changed row
-- changes at most the five days around it (the day in UTC, two either way).
--
-- Refresh stores these states, readers work them out for days that are not
-- stored. Both call btwin._day_states, so both say the same.

CREATE FUNCTION btwin.stored_struggle_vector(features jsonb) RETURNS float8[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $stored_struggle_vector$
SELECT array_agg(CASE WHEN jsonb_typeof(v.value) = 'number' AND (v.value)::numeric BETWEEN 0 AND 1 THEN (v.value)::float8 END ORDER BY f.place)
FROM unnest('{retention_score,retention_decline_rate,review_lapse_rate,session_performance_score,validation_score,prerequisite_gap_count,prerequisite_mastery_gap,content_complexity,complexity_mismatch,historical_struggle_score,content_type_mismatch,cognitive_load_indicator,days_until_exam,days_since_last_study,workload_level}'::text[],
            '{retentionScore,retentionDeclineRate,reviewLapseRate,sessionPerformanceScore,validationScore,prerequisiteGapCount,prerequisiteMasteryGap,contentComplexity,complexityMismatch,historicalStruggleScore,contentTypeMismatch,cognitiveLoadIndicator,daysUntilExam,daysSinceLastStudy,workloadLevel}'::text[])
     WITH ORDINALITY AS f (snake, camel, place)
CROSS JOIN LATERAL (SELECT coalesce(features -> f.snake, features -> f.camel)) AS v (value)
$stored_struggle_vector$;
COMMENT ON FUNCTION btwin.stored_struggle_vector(jsonb) IS
'The 15 features of a stored feature vector, keys in snake_case or camelCase (Epic 5 domain model, 1.5 and 2.11), in the order of struggle_features(). What is missing, no number or outside 0 to 1 is NULL, unknown.';

-- Where clocks go back over midnight (Atlantic/Azores, America/Havana) the day
-- begins twice: it has begun at the first time. Not STRICT, so that it is inlined.
CREATE FUNCTION btwin._day_start(day date, time_zone text) RETURNS timestamptz
LANGUAGE sql STABLE PARALLEL SAFE
AS $day_start$
SELECT (day::pg_catalog.timestamp AT TIME ZONE time_zone) OPERATOR(pg_catalog.-)
       CASE WHEN (((day::pg_catalog.timestamp AT TIME ZONE time_zone) OPERATOR(pg_catalog.-) interval '1 hour') AT TIME ZONE time_zone) OPERATOR(pg_catalog.=) day::pg_catalog.timestamp
            THEN interval '1 hour' ELSE interval '0' END
$day_start$;
COMMENT ON FUNCTION btwin._day_start(date, text) IS
'Internal: the moment a day begins in a time zone.';

CREATE FUNCTION btwin._day_states(user_id text, families text[], from_day date, to_day date, as_of timestamptz, time_zone text)
RETURNS TABLE (family text, day date, n_rows bigint, total float8, pattern btwin.pattern, forgetting btwin.forgetting, struggle btwin.logit_step,
               load btwin.load_baseline, burnout btwin.burnout, bandit btwin.bandit)
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 300
SET search_path = pg_catalog, pg_temp
-- the same plans for a day and for a whole history: index scans of one learner's
-- rows, hashed together
SET plan_cache_mode = force_generic_plan
SET enable_nestloop = off
SET jit = off
AS $day_states$
#variable_conflict use_column
DECLARE
    learner     text := _day_states.user_id;
    zone        text := _day_states.time_zone;
    wanted      text[] := _day_states.families;
    -- an adopted table may hold moments that are none, infinite or of a slip of
    -- the pen: states count the days of the years 1 to 9999
    earliest    CONSTANT timestamptz := '0001-01-02 00:00:00+00';
    latest      CONSTANT timestamptz := '9999-12-30 00:00:00+00';
    -- rows of the days themselves, up to the moment asked for
    from_at     timestamptz := greatest(btwin._day_start(_day_states.from_day, zone), earliest);
    to_at       timestamptz := least(btwin._day_start(_day_states.to_day + 1, zone), _day_states.as_of, latest);
    -- rows of their sessions
    joined_from timestamptz := greatest(btwin._day_start(_day_states.from_day - 1, zone), earliest);
    joined_to   timestamptz := least(btwin._day_start(_day_states.to_day + 2, zone), _day_states.as_of, latest);
    -- predictions whose outcome may have come in these days
    early       timestamptz;
    late        timestamptz;
BEGIN
    IF wanted && '{hour,weekday,content,length,hour_answered,weekday_answered,length_answered}' THEN
        RETURN QUERY
        WITH plain AS (
            SELECT s.id, s.started_at, s.started_at AT TIME ZONE zone AS local_start, s.duration_ms
            FROM btwin.study_sessions_window(learner, from_at, to_at) AS s
        ), reported AS (
            -- an event may have been sent twice
            SELECT p.id, max(e.content_type) AS content_type,
                   max(e.session_performance_score) FILTER (WHERE e.session_performance_score BETWEEN 0 AND 100) / 100.0::float8 AS score
            FROM plain AS p
            JOIN btwin.behavioral_events_window(learner, joined_from, joined_to) AS e
                 ON e.event_type = 'SESSION_ENDED' AND e.event_data ->> 'sessionId' = p.id
                AND e.timestamp >= btwin._day_start(p.local_start::date - 1, zone) AND e.timestamp < btwin._day_start(p.local_start::date + 2, zone)
            GROUP BY p.id
        ), answered AS (
            SELECT p.id, avg((r.rating <> 'AGAIN')::int)::float8 AS score
            FROM plain AS p
            JOIN btwin.reviews_window(learner, joined_from, joined_to) AS r
                 ON r.session_id = p.id
                AND r.reviewed_at >= btwin._day_start(p.local_start::date - 1, zone) AND r.reviewed_at < btwin._day_start(p.local_start::date + 2, zone)
            GROUP BY p.id
        ), session AS MATERIALIZED (
            SELECT p.local_start::date AS day,
                   -- midnight in UTC to the microsecond is a day, not a time
                   CASE WHEN p.started_at <> date_trunc('day', p.started_at, 'UTC') THEN extract(hour FROM p.local_start)::int END AS hour,
                   extract(dow FROM p.local_start)::int AS weekday, reported.content_type,
                   CASE WHEN p.duration_ms BETWEEN 0 AND 86400000 THEN round(p.duration_ms / 60000.0)::int END AS minutes,
                   coalesce(reported.score, answered.score) AS score, reported.score IS NOT NULL AS is_reported
            FROM plain AS p LEFT JOIN reported ON reported.id = p.id LEFT JOIN answered ON answered.id = p.id
            WHERE coalesce(reported.score, answered.score) IS NOT NULL
            ORDER BY p.started_at, p.id
        ), known AS (
            SELECT s.day, count(*) AS n_rows, sum(s.score) AS total, s.is_reported,
                   btwin.pattern_agg(s.hour, s.score, s.day) AS hours, btwin.pattern_agg(s.weekday, s.score, s.day) AS weekdays,
                   btwin.pattern_agg(s.content_type, s.score, s.day) AS contents, btwin.pattern_agg(s.minutes, s.score, s.day) AS lengths
            FROM session AS s GROUP BY s.day, s.is_reported
        )
        SELECT v.family, k.day, k.n_rows, k.total, v.pattern,
               NULL::btwin.forgetting, NULL::btwin.logit_step, NULL::btwin.load_baseline, NULL::btwin.burnout, NULL::btwin.bandit
        FROM known AS k
        CROSS JOIN LATERAL (VALUES ('hour', true, k.hours), ('weekday', true, k.weekdays), ('content', true, k.contents), ('length', true, k.lengths),
                                   ('hour_answered', false, k.hours), ('weekday_answered', false, k.weekdays), ('length_answered', false, k.lengths))
             AS v (family, of_reported, pattern)
        WHERE v.of_reported = k.is_reported AND v.family = ANY (wanted);
    END IF;

    IF 'forgetting' = ANY (wanted) THEN
        RETURN QUERY
        SELECT 'forgetting', r.day, count(*), sum(r.recalled::int)::float8, NULL::btwin.pattern,
               btwin.forgetting_agg(r.card_id, r.reviewed_at, r.recalled), NULL::btwin.logit_step, NULL::btwin.load_baseline, NULL::btwin.burnout, NULL::btwin.bandit
        FROM (SELECT w.card_id, w.reviewed_at, w.rating <> 'AGAIN' AS recalled, (w.reviewed_at AT TIME ZONE zone)::date AS day
              FROM btwin.reviews_window(learner, from_at, to_at) AS w) AS r
        GROUP BY r.day;
    END IF;

    IF 'struggle' = ANY (wanted) THEN
        early := from_at - interval '2880 hours';
        late := to_at + interval '2880 hours';
        RETURN QUERY
        SELECT 'struggle', p.day, count(*), sum(p.struggled::int)::float8, NULL::btwin.pattern, NULL::btwin.forgetting,
               btwin.logit_step_agg(btwin.struggle_model(), p.struggled, p.x), NULL::btwin.load_baseline, NULL::btwin.burnout, NULL::btwin.bandit
        FROM (SELECT w.actual_outcome AS struggled, btwin.stored_struggle_vector(w.feature_vector) AS x, (w.actual_outcome_recorded_at AT TIME ZONE zone)::date AS day
              FROM btwin.struggle_predictions_window(learner, early, late) AS w
              WHERE w.actual_outcome IS NOT NULL AND w.feature_vector IS NOT NULL
                AND w.actual_outcome_recorded_at >= from_at AND w.actual_outcome_recorded_at < to_at
                AND w.prediction_date >= w.actual_outcome_recorded_at - interval '2880 hours'
                AND w.prediction_date < w.actual_outcome_recorded_at + interval '2880 hours'
              ORDER BY w.actual_outcome_recorded_at, w.id) AS p
        GROUP BY p.day;
    END IF;

    IF 'load' = ANY (wanted) THEN
        RETURN QUERY
        SELECT 'load', s.day, count(*), sum(s.minutes), NULL::btwin.pattern, NULL::btwin.forgetting, NULL::btwin.logit_step,
               btwin.rollup(btwin.baseline(s.answers, s.minutes)), NULL::btwin.burnout, NULL::btwin.bandit
        FROM (SELECT p.id, p.day, CASE WHEN p.duration_ms BETWEEN 0 AND 86400000 THEN p.duration_ms / 60000.0::float8 END AS minutes,
                     btwin.cognitive_load_agg(r.reviewed_at, r.time_spent_ms, r.rating <> 'AGAIN') AS answers
              FROM (SELECT w.id, w.duration_ms, (w.started_at AT TIME ZONE zone)::date AS day
                    FROM btwin.study_sessions_window(learner, from_at, to_at) AS w) AS p
              JOIN btwin.reviews_window(learner, joined_from, joined_to) AS r
                   ON r.session_id = p.id AND coalesce(r.time_spent_ms, 0) >= 0
                  AND r.reviewed_at >= btwin._day_start(p.day - 1, zone) AND r.reviewed_at < btwin._day_start(p.day + 2, zone)
              GROUP BY p.id, p.day, p.duration_ms) AS s
        GROUP BY s.day;
    END IF;

    IF 'burnout' = ANY (wanted) THEN
        RETURN QUERY
        SELECT 'burnout', f.day, count(*), sum(f.study_ms) / 60000.0, NULL::btwin.pattern, NULL::btwin.forgetting, NULL::btwin.logit_step, NULL::btwin.load_baseline,
               btwin.burnout_agg(f.day, f.study_ms, f.load, f.retention, f.planned, f.skipped, f.performance, f.in_progress, NULL, f.untimed), NULL::btwin.bandit
        FROM (SELECT (u.at AT TIME ZONE zone)::date AS day, u.*
              FROM (SELECT s.started_at AS at, 1 AS source, s.id, CASE WHEN s.duration_ms >= 0 THEN s.duration_ms END::float8 AS study_ms, NULL::float8 AS load,
                           NULL::float8 AS retention, NULL::int AS planned, NULL::int AS skipped, NULL::float8 AS performance, NULL::int AS in_progress,
                           CASE WHEN s.duration_ms >= 0 THEN NULL ELSE 1 END AS untimed
                    FROM btwin.study_sessions_window(learner, from_at, to_at) AS s
                    UNION ALL
                    SELECT c.timestamp, 2, c.id, NULL, CASE WHEN c.load_score BETWEEN 0 AND 100 THEN c.load_score END, NULL, NULL, NULL, NULL, NULL, NULL
                    FROM btwin.cognitive_load_metrics_window(learner, from_at, to_at) AS c
                    UNION ALL
                    SELECT r.reviewed_at, 3, r.id, NULL, NULL, (r.rating <> 'AGAIN')::int, NULL, NULL, NULL, NULL, NULL
                    FROM btwin.reviews_window(learner, from_at, to_at) AS r
                    UNION ALL
                    SELECT m.date, 4, m.id, NULL, NULL, NULL, 1, (m.status = 'SKIPPED')::int, NULL, (m.status = 'IN_PROGRESS')::int, NULL
                    FROM btwin.missions_window(learner, from_at, to_at) AS m
                    UNION ALL
                    SELECT e.timestamp, 5, e.id, NULL, NULL, NULL, NULL, NULL,
                           CASE WHEN e.session_performance_score BETWEEN 0 AND 100 THEN e.session_performance_score END / 100.0, NULL, NULL
                    FROM btwin.behavioral_events_window(learner, from_at, to_at) AS e
                    WHERE e.event_type = 'SESSION_ENDED') AS u
              ORDER BY u.at, u.source, u.id) AS f
        GROUP BY f.day;
    END IF;

    IF 'bandit' = ANY (wanted) THEN
        RETURN QUERY
        SELECT 'bandit', o.day, count(*), sum(o.reward), NULL::btwin.pattern, NULL::btwin.forgetting, NULL::btwin.logit_step, NULL::btwin.load_baseline, NULL::btwin.burnout,
               btwin.bandit_agg(o.arm, o.reward)
        FROM (SELECT w.strategy_variant AS arm, w.performance_score AS reward, (w.timestamp AT TIME ZONE zone)::date AS day
              FROM btwin.personalization_outcomes_window(learner, from_at, to_at) AS w
              WHERE w.strategy_variant <> '' AND w.performance_score BETWEEN 0 AND 1
              ORDER BY w.timestamp, w.id) AS o
        GROUP BY o.day;
    END IF;
END
$day_states$;
COMMENT ON FUNCTION btwin._day_states(text, text[], date, date, timestamptz, text) IS
'Internal: the states of some families for the days of a learner from the tables of the application; a row for each day that has rows. as_of: rows at or after this moment do not count. Rows of a session that the application wrote more than a day away from it are not of it, and rows with a moment outside 0001-01-02 to 9999-12-29 (UTC) are in no state.';
-- Reading a learner's states: stored days where they are closed and nothing was
-- noted against them, live rows for the others, in one statement of the caller
-- and so in one snapshot. The answer is the same whether or not a refresh has run.

CREATE FUNCTION btwin._is_analysed(user_id text) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $is_analysed$
BEGIN
    RETURN EXISTS (SELECT FROM btwin.users u WHERE u.id = _is_analysed.user_id AND u.behavioral_analysis_enabled);
END
$is_analysed$;
COMMENT ON FUNCTION btwin._is_analysed(text) IS
'Internal: the learner exists and has not switched analysis off.';

CREATE FUNCTION btwin._noted_days(user_id text) RETURNS datemultirange
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $noted_days$
BEGIN
    -- a row changes its own day, which may lie a day beside the one in UTC, and
    -- the day of its session, which may lie a day beside that
    RETURN coalesce((SELECT range_agg(daterange(nullif(c.from_day, '-infinity') - 2, nullif(c.to_day, 'infinity') + 2, '[]'))
                     FROM (SELECT n.from_day, n.to_day FROM btwin.late_change n WHERE n.user_id = _noted_days.user_id
                           UNION ALL
                           SELECT n.from_day, n.to_day FROM btwin.late_change n WHERE n.user_id IS NULL
                           UNION ALL    -- what this transaction has not written yet
                           SELECT p.day, p.day FROM btwin._pending_notes() p WHERE p.user_id = _noted_days.user_id) AS c), '{}');
END
$noted_days$;
COMMENT ON FUNCTION btwin._noted_days(text) IS
'Internal: days of the learner''s calendar that a noted change may have touched.';

CREATE FUNCTION btwin._read_plan(user_id text, as_of timestamptz, window_days integer,
    OUT time_zone text, OUT total_through date, OUT months datemultirange, OUT days datemultirange, OUT live datemultirange)
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $read_plan$
DECLARE
    mark    record;
    last    date;
    wanted  datemultirange;
    stored  datemultirange := '{}';
BEGIN
    time_zone := btwin.learner_time_zone(_read_plan.user_id);
    -- the moment itself does not count: the day of the one before it
    last := ((as_of - interval '1 microsecond') AT TIME ZONE time_zone)::date;
    wanted := datemultirange(daterange(last - (window_days - 1), last, '[]'));
    SELECT m.closed_through, m.total_through INTO mark
    FROM btwin.user_mark m WHERE m.user_id = _read_plan.user_id AND m.time_zone = _read_plan.time_zone;
    IF FOUND THEN
        -- rows of sessions reach into the day after: the last two days are live
        stored := wanted * datemultirange(daterange(NULL, least(mark.closed_through, last - 2), '[]'))
                  - btwin._noted_days(_read_plan.user_id);
    END IF;
    live := wanted - stored;
    IF window_days IS NULL AND daterange(NULL, mark.total_through, '[]') <@ stored THEN
        total_through := mark.total_through;
        stored := stored - datemultirange(daterange(NULL, total_through, '[]'));
    END IF;
    months := coalesce((SELECT range_agg(daterange(f.first, f.beyond))
                        FROM unnest(stored) AS r
                        CROSS JOIN LATERAL (SELECT (date_trunc('month', lower(r) + interval '1 month' - interval '1 day'))::date,
                                                   (date_trunc('month', upper(r)::timestamp))::date) AS f (first, beyond)
                        WHERE f.first IS NULL OR f.first < f.beyond), '{}');
    days := stored - months;
END
$read_plan$;
COMMENT ON FUNCTION btwin._read_plan(text, timestamptz, integer) IS
'Internal: how to answer for a moment: the total up to a day (NULL: not to be used), whole months, single days, and days to be worked out from live rows.';

CREATE FUNCTION btwin._read_states(user_id text, families text[], as_of timestamptz)
RETURNS TABLE (family text, n_rows bigint, total float8, pattern btwin.pattern, forgetting btwin.forgetting, struggle btwin.logit_step,
               load btwin.load_baseline, burnout btwin.burnout, bandit btwin.bandit)
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 10
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan
SET jit = off
AS $read_states$
#variable_conflict use_column
DECLARE
    learner text := _read_states.user_id;
    moment  timestamptz := _read_states.as_of;
    part    record;
    plan    record;
BEGIN
    IF NOT isfinite(moment) THEN
        RAISE EXCEPTION 'as_of must be a finite moment, not %', moment
            USING ERRCODE = 'datetime_field_overflow', HINT = 'Leave it out to ask for now.';
    END IF;
    IF learner IS NULL OR moment IS NULL OR NOT btwin._is_analysed(learner) THEN
        RETURN;
    END IF;
    FOR part IN SELECT f.window_days, array_agg(f.family) AS families FROM btwin.store_family f
                WHERE f.family = ANY (_read_states.families) GROUP BY f.window_days
    LOOP
        plan := btwin._read_plan(learner, moment, part.window_days);
        RETURN QUERY
        SELECT s.family, sum(s.n_rows)::bigint, sum(s.total),
               btwin.rollup(s.pattern) FILTER (WHERE s.pattern IS NOT NULL), btwin.rollup(s.forgetting) FILTER (WHERE s.forgetting IS NOT NULL),
               btwin.rollup(s.struggle) FILTER (WHERE s.struggle IS NOT NULL), btwin.rollup(s.load) FILTER (WHERE s.load IS NOT NULL),
               btwin.rollup(s.burnout) FILTER (WHERE s.burnout IS NOT NULL), btwin.rollup(s.bandit) FILTER (WHERE s.bandit IS NOT NULL)
        FROM (SELECT t.family, t.n_rows, t.total, t.pattern, t.forgetting, t.struggle, t.load, t.burnout, t.bandit
              FROM btwin.user_total t
              WHERE plan.total_through IS NOT NULL AND t.user_id = learner AND t.family = ANY (part.families)
              -- one index scan for each family and range, whatever the planner makes of the number of ranges
              UNION ALL
              SELECT m.*
              FROM unnest(part.families) AS f CROSS JOIN unnest(plan.months) AS r
              CROSS JOIN LATERAL (SELECT m.family, m.n_rows, m.total, m.pattern, m.forgetting, m.struggle, m.load, m.burnout, m.bandit
                                  FROM btwin.user_month m
                                  WHERE m.user_id = learner AND m.family = f
                                    AND m.month >= coalesce(lower(r), '-infinity') AND m.month < upper(r) OFFSET 0) AS m
              UNION ALL
              SELECT d.*
              FROM unnest(part.families) AS f CROSS JOIN unnest(plan.days) AS r
              CROSS JOIN LATERAL (SELECT d.family, d.n_rows, d.total, d.pattern, d.forgetting, d.struggle, d.load, d.burnout, d.bandit
                                  FROM btwin.user_day d
                                  WHERE d.user_id = learner AND d.family = f
                                    AND d.day >= coalesce(lower(r), '-infinity') AND d.day < upper(r) OFFSET 0) AS d
              UNION ALL
              SELECT l.family, l.n_rows, l.total, l.pattern, l.forgetting, l.struggle, l.load, l.burnout, l.bandit
              FROM unnest(plan.live) AS r
              CROSS JOIN LATERAL btwin._day_states(learner, part.families, coalesce(lower(r), '-infinity'), upper(r) - 1, moment, plan.time_zone) AS l
             ) AS s
        GROUP BY s.family;
    END LOOP;
END
$read_states$;
COMMENT ON FUNCTION btwin._read_states(text, text[], timestamptz) IS
'Internal: merged states of some families of a learner as of a moment; a row for each family with rows, none for a learner who is unknown or not analysed. Error 22008 for an infinite as_of.';

CREATE FUNCTION btwin.learner_states(user_ids text[], families text[] DEFAULT NULL, as_of timestamptz DEFAULT now())
RETURNS TABLE (user_id text, family text, n_rows bigint, total float8, pattern btwin.pattern, forgetting btwin.forgetting, struggle btwin.logit_step,
               load btwin.load_baseline, burnout btwin.burnout, bandit btwin.bandit)
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 100
SET search_path = pg_catalog, pg_temp
AS $learner_states$
#variable_conflict use_column
DECLARE
    unknown text;
BEGIN
    PERFORM btwin.require_attached();
    SELECT min(f.name) INTO unknown FROM unnest(learner_states.families) AS f (name)
    WHERE NOT EXISTS (SELECT FROM btwin.store_family s WHERE s.family = f.name);
    IF unknown IS NOT NULL THEN
        RAISE EXCEPTION 'family "%" is not known', unknown
            USING ERRCODE = 'invalid_parameter_value',
                  DETAIL = format('Known are %s.', (SELECT string_agg(s.family, ', ' ORDER BY s.position) FROM btwin.store_family s)),
                  HINT = 'SELECT family, comment FROM btwin.store_family ORDER BY position';
    END IF;
    RETURN QUERY
    SELECT u.id, s.family, s.n_rows, s.total, s.pattern, s.forgetting, s.struggle, s.load, s.burnout, s.bandit
    FROM (SELECT DISTINCT n.id FROM unnest(learner_states.user_ids) AS n (id)) AS u
    CROSS JOIN LATERAL btwin._read_states(u.id, coalesce(learner_states.families, (SELECT array_agg(f.family) FROM btwin.store_family f)), learner_states.as_of) AS s;
END
$learner_states$;
COMMENT ON FUNCTION btwin.learner_states(text[], text[], timestamptz) IS
'States of learners as of a moment (rows before it count), exactly as worked out from every row, at the cost of a few: a row for each learner and family with rows. families: names from btwin.store_family, NULL for all. The state stands in the column that btwin.store_family names; n_rows and total are its plain counters. No row for a learner who is unknown or has switched analysis off. Errors: TW001 before attach, 22023 for an unknown family, 22008 for an infinite moment.';

CREATE FUNCTION btwin.learner_pattern(user_id text, kind text, as_of timestamptz DEFAULT now()) RETURNS btwin.pattern
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 1000
SET search_path = pg_catalog, pg_temp
AS $learner_pattern$
DECLARE
    found btwin.pattern;
BEGIN
    PERFORM btwin.require_attached();
    IF kind IS NULL OR kind NOT IN ('hour', 'weekday', 'content', 'length') THEN
        RAISE EXCEPTION 'kind of habit "%" is not known', kind
            USING ERRCODE = 'invalid_parameter_value', HINT = 'Known are hour, weekday, content and length.';
    END IF;
    -- where a score was reported, the shares of right answers do not count: they are another scale
    SELECT s.pattern INTO found
    FROM btwin._read_states(learner_pattern.user_id, ARRAY[kind, kind || '_answered'], learner_pattern.as_of) AS s
    ORDER BY s.family = kind DESC LIMIT 1;
    RETURN found;
END
$learner_pattern$;
COMMENT ON FUNCTION btwin.learner_pattern(text, text, timestamptz) IS
'Pattern state of a learner''s sessions of the last 182 days as of a moment. kind: hour (of the learner''s clock, 0 to 23), weekday (0 is Sunday), content, length (minutes). The score of a session, 0 to 1, is what its SESSION_ENDED event reported; for a learner without such reports the share of answers that were not AGAIN. Read it with best_window, best_bucket, best_limit. NULL without sessions, for a learner who is unknown or has switched analysis off. Errors: TW001 before attach, 22023 for another kind, 22008 for an infinite moment.';

CREATE FUNCTION btwin.learner_forgetting(user_id text, as_of timestamptz DEFAULT now()) RETURNS btwin.forgetting
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 1000
SET search_path = pg_catalog, pg_temp
AS $learner_forgetting$
BEGIN
    PERFORM btwin.require_attached();
    RETURN (SELECT s.forgetting FROM btwin._read_states(learner_forgetting.user_id, '{forgetting}', learner_forgetting.as_of) AS s);
END
$learner_forgetting$;
COMMENT ON FUNCTION btwin.learner_forgetting(text, timestamptz) IS
'Forgetting state of all reviews of a learner as of a moment; AGAIN is not recalled. Read it with curve, half_life, retention. NULL without reviews, for a learner who is unknown or has switched analysis off. Errors: TW001 before attach, 22008 for an infinite moment.';

CREATE FUNCTION btwin.learner_struggle(user_id text, as_of timestamptz DEFAULT now()) RETURNS btwin.logit_step
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 1000
SET search_path = pg_catalog, pg_temp
AS $learner_struggle$
BEGIN
    PERFORM btwin.require_attached();
    RETURN (SELECT s.struggle FROM btwin._read_states(learner_struggle.user_id, '{struggle}', learner_struggle.as_of) AS s);
END
$learner_struggle$;
COMMENT ON FUNCTION btwin.learner_struggle(text, timestamptz) IS
'What a learner''s own struggle predictions, those whose outcome is known and was recorded within 120 days of their date, say about the prior model: a step at struggle_model() for logit_next(). A prediction counts from when its outcome was recorded. NULL without such predictions, for a learner who is unknown or has switched analysis off. Errors: TW001 before attach, 22008 for an infinite moment.';

CREATE FUNCTION btwin.learner_load(user_id text, as_of timestamptz DEFAULT now()) RETURNS btwin.load_baseline
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 1000
SET search_path = pg_catalog, pg_temp
AS $learner_load$
BEGIN
    PERFORM btwin.require_attached();
    RETURN (SELECT s.load FROM btwin._read_states(learner_load.user_id, '{load}', learner_load.as_of) AS s);
END
$learner_load$;
COMMENT ON FUNCTION btwin.learner_load(text, timestamptz) IS
'Baseline of cognitive load of a learner as of a moment, over all sessions with answers: what load_score() holds a session against. NULL without such sessions, for a learner who is unknown or has switched analysis off. Errors: TW001 before attach, 22008 for an infinite moment.';

CREATE FUNCTION btwin.learner_burnout(user_id text, as_of timestamptz DEFAULT now()) RETURNS btwin.burnout
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 1000
SET search_path = pg_catalog, pg_temp
AS $learner_burnout$
BEGIN
    PERFORM btwin.require_attached();
    RETURN (SELECT s.burnout FROM btwin._read_states(learner_burnout.user_id, '{burnout}', learner_burnout.as_of) AS s);
END
$learner_burnout$;
COMMENT ON FUNCTION btwin.learner_burnout(text, timestamptz) IS
'Burnout state of the last 125 days of a learner as of a moment, from sessions, cognitive load, reviews, missions and SESSION_ENDED events. Read it with risk, factors, signals at the learner''s day of the moment. NULL without rows, for a learner who is unknown or has switched analysis off. Errors: TW001 before attach, 22008 for an infinite moment.';

CREATE FUNCTION btwin.learner_bandit(user_id text, as_of timestamptz DEFAULT now()) RETURNS btwin.bandit
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 1000
SET search_path = pg_catalog, pg_temp
AS $learner_bandit$
BEGIN
    PERFORM btwin.require_attached();
    RETURN (SELECT s.bandit FROM btwin._read_states(learner_bandit.user_id, '{bandit}', learner_bandit.as_of) AS s);
END
$learner_bandit$;
COMMENT ON FUNCTION btwin.learner_bandit(text, timestamptz) IS
'Bandit state of a learner''s strategies as of a moment: strategy_variant and performance_score of personalization_outcomes. Read it with posterior, propensities, select_arm. NULL without outcomes, for a learner who is unknown or has switched analysis off. Errors: TW001 before attach, 22008 for an infinite moment.';
-- Notes of late changes: a trigger on each table that the store reads writes down
-- the learner and the day of a row that is changed when it is two days old or
-- more. Readers then read the noted days live, refresh folds them in.
--
-- Nothing here may fail, block or deadlock a statement of the application:
-- notes are only ever appended, to a table without a key that two writers could
-- wait for; a fault of btwin's own becomes a warning. The trigger functions are
-- made by attach, one per table with its columns in it, and call nothing of the
-- extension: they work without the library, and when the extension is gone.

CREATE TABLE btwin.store_source (
    table_name      name PRIMARY KEY,
    moment_column   name NOT NULL
);
COMMENT ON TABLE btwin.store_source IS
'The tables the store is worked out from, and the moment that gives a row its day there';
COMMENT ON COLUMN btwin.store_source.table_name IS 'Table of the data model';
COMMENT ON COLUMN btwin.store_source.moment_column IS 'Its column; a row without this moment, or with one outside the years 1 to 9999, is in no state';
GRANT SELECT ON btwin.store_source TO PUBLIC;
INSERT INTO btwin.store_source (table_name, moment_column) VALUES
    ('study_sessions',            'started_at'),
    ('reviews',                   'reviewed_at'),
    ('behavioral_events',         'timestamp'),
    ('cognitive_load_metrics',    'timestamp'),
    ('missions',                  'date'),
    ('personalization_outcomes',  'timestamp'),
    ('struggle_predictions',      'actual_outcome_recorded_at');

-- How notes get into btwin.late_change. The first late change of a transaction is
-- written at once. Further ones are kept in the transaction-local setting
-- btwin_note.pending, where the same learner and day is found again, and written
-- many at a time, in one subtransaction: whenever 2,000 bytes are together, and
-- before commit by a deferred trigger that the first note has put in the queue.
-- Readers in the same transaction look into the setting (btwin._pending_notes).
--
-- The setting is undone with a subtransaction, as rows are. It is one of
--   (empty)  nothing is pending and no deferred trigger is queued
--   first    the first note is being written
--   queued   and the deferred trigger is queued: its own condition writes this, so
--            nothing is left pending where it is missing or disabled
--   fired    and it has fired at once (SET CONSTRAINTS IMMEDIATE): so does each note
--   direct   each note is written at once: this is an operation that PostgreSQL
--            restricts, where a deferred trigger is refused (REFRESH MATERIALIZED VIEW;
--            from 16 on what logical replication applies). Behind the word the last
--            notes, not to be written again. The end of the operation undoes settings
--            made in it: that costs a note written twice, and one that was gathered
--            there by a transaction that had the trigger queued already is lost
--   \nDAY@LEARNER\n\n\nDAY@LEARNER\n\n\n
--            notes to be written, newest first (\n: none), the trigger is queued. DAY
--            counts from 1970-01-01 in UTC. A line end within an id is written \n. so
--            that no note can be found within another, or where one begins another
--   !NMOMENT writing failed and a warning was given: what the client sent at that
--            moment (statement_timestamp) is not troubled again. N is 1 where the
--            trigger is queued
-- A deferred trigger that finds the setting empty was queued before the transaction
-- reset all its settings: what was pending is lost, so everything is noted.

CREATE FUNCTION btwin._note_block(pending text, failed text, undone text, again text DEFAULT '') RETURNS text
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $note_block$
SELECT format($block$BEGIN
                -- whoever locks the notes must not hold the application up, nor meet it in a deadlock
                patience := current_setting('lock_timeout');
                setting := set_config('lock_timeout', '500ms', true);
                %s
                setting := set_config('lock_timeout', patience, true);
            EXCEPTION WHEN OTHERS THEN
                %s-- A transaction that cannot be serialized has to end. All else (a full
                -- disk or a quota, damage, a deadlock among the notes) is undone with
                -- this block and no fault of the application; a cancelled statement
                -- never comes here.
                IF sqlstate LIKE '40%%' AND sqlstate <> '40P01' THEN
                    RAISE;
                END IF;
                RAISE WARNING 'btwin could not note %s: %%', sqlerrm
                    USING ERRCODE = '01000',
                          DETAIL = 'What is stored may miss them.',
                          HINT = 'SELECT btwin.rebuild() works everything out anew; SELECT * FROM btwin.verify(heal => true) looks for differences.';
                %s
            END;$block$,
              CASE WHEN pending IS NULL
                   THEN $insert$INSERT INTO btwin.late_change (user_id, from_day, to_day) VALUES (NULL, '-infinity', 'infinity');$insert$
                   ELSE format($insert$INSERT INTO btwin.late_change (user_id, from_day, to_day)
                SELECT replace(substr(e, strpos(e, '@') + 1), E'\n.', E'\n'), d.day, d.day
                FROM string_to_table(%s, E'\n\n') AS e
                CROSS JOIN LATERAL (SELECT CASE split_part(e, '@', 1) WHEN E'\n-infinity' THEN '-infinity' WHEN E'\ninfinity' THEN 'infinity'
                                                ELSE date '1970-01-01' + substr(split_part(e, '@', 1), 2)::integer END) AS d (day)
                WHERE e <> E'\n';$insert$, pending) END,
              again, failed, undone)
$note_block$;
COMMENT ON FUNCTION btwin._note_block(text, text, text, text) IS
'Internal: text of the protected block that writes the notes of a PL/pgSQL expression (NULL: everything). failed: what the warning says could not be noted; undone: statements for that case; again: statements before it that may try once more.';

CREATE FUNCTION btwin._note_statements(schema_name name, table_name name,
    OUT function_text text, OUT insert_trigger text, OUT update_trigger text, OUT delete_trigger text)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $note_statements$
#variable_conflict use_column
DECLARE
    learner     text;
    moment      text;
    is_utc      boolean;
    old_guard   text;
    new_guard   text;
    old_note    text;
    new_note    text;
BEGIN
    SELECT quote_ident(max(a.found_name::text) FILTER (WHERE a.column_name = t.learner_column)),
           quote_ident(max(a.found_name::text) FILTER (WHERE a.column_name = s.moment_column)),
           bool_or(a.expression LIKE '%AT TIME ZONE%') FILTER (WHERE a.column_name = s.moment_column)
    INTO learner, moment, is_utc
    FROM btwin.store_source s
    JOIN btwin.domain_table t ON t.table_name = s.table_name
    CROSS JOIN LATERAL btwin._adoption(schema_name, s.table_name) a
    WHERE s.table_name = _note_statements.table_name;

    -- Ages are judged by the clock after the row is written, in UTC, whatever the
    -- time zone of the session: what a clock 48 hours west shows, UTC showed 48
    -- hours ago. (One function call less than a zone by name and a subtraction.)
    old_guard := format(CASE WHEN is_utc THEN 'old.%s < (clock_timestamp() AT TIME ZONE interval ''-48:00'')'
                             ELSE 'old.%s < clock_timestamp() - interval ''48:00''' END, moment);
    new_guard := replace(old_guard, 'old.', 'new.');
    -- NULL where learner or moment are. No setting of the session reaches it: neither
    -- zone nor DateStyle, nor extra_float_digits, which shortens floats to less than a day
    old_note := format($note$E'\n' || CASE WHEN isfinite(old.%1$s) THEN floor(date_part('epoch', old.%1$s) / 86400)::integer::text ELSE old.%1$s::text END
            || '@' || replace(old.%2$s, E'\n', E'\n.') || E'\n\n'$note$, moment, learner);
    new_note := replace(old_note, 'old.', 'new.');

    function_text := format($function$CREATE FUNCTION btwin.%1$I() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $note$
DECLARE
    pending     text := coalesce(current_setting('btwin_note.pending', true), '');
    note        text := %2$s;
    other       text;
    sent_at     text;
    written     text;
    queued      boolean;
    patience    text;
    setting     text;   -- assigned only because PERFORM costs four times as much
BEGIN
    IF TG_OP <> 'INSERT' THEN
        other := nullif(%3$s, note);
    END IF;
    LOOP
        IF note IS NULL OR strpos(pending, note) > 0 THEN
            NULL;
        ELSIF starts_with(pending, E'\n') AND octet_length(pending) < 2000 THEN
            pending := set_config('btwin_note.pending', note || pending, true);
        ELSE
            sent_at := extract(epoch FROM statement_timestamp());
            IF starts_with(pending, '!') THEN
                EXIT WHEN substr(pending, 3) = sent_at;
                pending := CASE substr(pending, 2, 1) WHEN '1' THEN E'\n' ELSE '' END;
            END IF;
            queued := starts_with(pending, E'\n');
            written := note || CASE WHEN queued THEN pending ELSE E'\n' END;
            pending := CASE WHEN queued THEN E'\n' WHEN starts_with(pending, 'direct') THEN pending ELSE 'first' END;
            setting := set_config('btwin_note.pending', pending, true);
            %4$s
            IF current_setting('btwin_note.pending') = 'queued' THEN
                pending := E'\n';
            ELSIF pending = 'first' THEN
                pending := '';
            ELSIF starts_with(pending, 'direct') THEN
                pending := 'direct' || note || substr(pending, 7, 2000);
            END IF;
            setting := set_config('btwin_note.pending', pending, true);
        END IF;
        EXIT WHEN other IS NULL;
        note := other;
        other := NULL;
    END LOOP;
    RETURN NULL;
END
$note$$function$, '_note_' || table_name, new_note, old_note,
        btwin._note_block('written', 'late changes of table ' || table_name,
                          $undone$pending := CASE WHEN queued THEN '!1' ELSE '!0' END || sent_at;$undone$,
                          $again$-- the trigger could not be queued, or there is no right on the notes
                IF sqlstate = '42501' AND pending = 'first' THEN
                    pending := 'direct';
                    CONTINUE;
                END IF;
                $again$));

    insert_trigger := format('CREATE TRIGGER btwin_note_insert AFTER INSERT ON %I.%I FOR EACH ROW WHEN (%s) EXECUTE FUNCTION btwin.%I()',
                             schema_name, table_name, new_guard, '_note_' || table_name);
    update_trigger := format('CREATE TRIGGER btwin_note_update AFTER UPDATE ON %I.%I FOR EACH ROW WHEN (%s OR %s) EXECUTE FUNCTION btwin.%I()',
                             schema_name, table_name, old_guard, new_guard, '_note_' || table_name);
    delete_trigger := format('CREATE TRIGGER btwin_note_delete AFTER DELETE ON %I.%I FOR EACH ROW WHEN (%s) EXECUTE FUNCTION btwin.%I()',
                             schema_name, table_name, old_guard, '_note_' || table_name);
END
$note_statements$;
COMMENT ON FUNCTION btwin._note_statements(name, name) IS
'Internal: the statements that make the trigger function of a table and its row triggers.';

-- TRUNCATE names no rows: everything is noted, for everybody.
CREATE FUNCTION btwin._note_truncate_statement() RETURNS text
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $note_truncate_statement$
SELECT format($function$CREATE FUNCTION btwin._note_truncate() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $note$
DECLARE
    patience    text;
    setting     text;   -- assigned only because PERFORM costs four times as much
BEGIN
            %s
    RETURN NULL;
END
$note$$function$, btwin._note_block(NULL, 'that a table was emptied', 'NULL;'))
$note_truncate_statement$;
COMMENT ON FUNCTION btwin._note_truncate_statement() IS
'Internal: the statement that makes the trigger function of TRUNCATE.';

CREATE FUNCTION btwin._note_flush_statement() RETURNS text
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $note_flush_statement$
SELECT format($function$CREATE FUNCTION btwin._note_flush() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $note$
DECLARE
    pending     text := coalesce(current_setting('btwin_note.pending', true), '');
    patience    text;
    setting     text;   -- assigned only because PERFORM costs four times as much
BEGIN
    IF pending = 'queued' THEN
        setting := set_config('btwin_note.pending', 'fired', true);
        RETURN NULL;
    ELSIF pending = '' THEN
            %s
    ELSIF starts_with(pending, E'\n') AND pending <> E'\n' THEN
            %s
    END IF;
    setting := set_config('btwin_note.pending', '', true);
    RETURN NULL;
END
$note$$function$, btwin._note_block(NULL, 'late changes', 'NULL;'), btwin._note_block('pending', 'late changes', 'NULL;'))
$note_flush_statement$;
COMMENT ON FUNCTION btwin._note_flush_statement() IS
'Internal: the statement that makes the trigger function that writes pending notes before commit.';

CREATE FUNCTION btwin._pending_notes() RETURNS TABLE (user_id text, day date)
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 10
SET search_path = pg_catalog, pg_temp
AS $pending_notes$
DECLARE
    pending text := coalesce(current_setting('btwin_note.pending', true), '');
BEGIN
    IF starts_with(pending, E'\n') THEN
        RETURN QUERY
        SELECT replace(substr(e, strpos(e, '@') + 1), E'\n.', E'\n'),
               CASE split_part(e, '@', 1) WHEN E'\n-infinity' THEN '-infinity' WHEN E'\ninfinity' THEN 'infinity'
                    ELSE date '1970-01-01' + substr(split_part(e, '@', 1), 2)::integer END
        FROM string_to_table(pending, E'\n\n') AS e
        WHERE e ~ '^\n(-?[0-9]{1,8}|-?infinity)@';
    END IF;
END
$pending_notes$;
COMMENT ON FUNCTION btwin._pending_notes() IS
'Internal: notes of this transaction that are not in btwin.late_change yet.';

CREATE FUNCTION btwin._check_notes(schema_name name, create_indexes boolean) RETURNS boolean
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $check_notes$
DECLARE
    taken text;
BEGIN
    SELECT format('trigger %I of table %s', t.tgname, t.tgrelid::regclass) INTO taken
    FROM btwin.store_source s
    JOIN pg_trigger t ON t.tgrelid = to_regclass(format('%I.%I', schema_name, s.table_name)) AND t.tgname LIKE 'btwin\_note\_%'
    JOIN pg_proc p ON p.oid = t.tgfoid
    WHERE p.pronamespace <> (SELECT n.oid FROM pg_namespace n WHERE n.nspname = 'btwin')
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION '% was not made by btwin.attach', taken
            USING ERRCODE = 'duplicate_object', HINT = 'Rename or drop it: attach needs the name.';
    END IF;
    RETURN true;
END
$check_notes$;
COMMENT ON FUNCTION btwin._check_notes(name, boolean) IS
'Internal: raises an error where the name of a trigger is taken.';

CREATE FUNCTION btwin._trigger_tables(schema_name name)
RETURNS TABLE (table_name name, relation oid, relation_owner name, is_leaf boolean)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $trigger_tables$
SELECT s.table_name, c.oid, pg_get_userbyid(c.relowner), c.oid <> to_regclass(format('%I.%I', schema_name, s.table_name))
FROM btwin.store_source s
CROSS JOIN LATERAL (SELECT to_regclass(format('%I.%I', schema_name, s.table_name)) AS root) AS r
JOIN pg_class c ON c.oid = r.root OR c.oid IN (SELECT p.relid FROM pg_partition_tree(r.root) p)
WHERE c.relkind IN ('r', 'p')
ORDER BY s.table_name, c.oid <> r.root, c.oid
$trigger_tables$;
COMMENT ON FUNCTION btwin._trigger_tables(name) IS
'Internal: the tables the store is worked out from, with their partitions.';

CREATE FUNCTION btwin._drop_trigger(relation regclass, relation_owner name, trigger_name name) RETURNS boolean
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $drop_trigger$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = relation AND t.tgname = trigger_name) THEN
        RETURN false;
    END IF;
    RETURN btwin._execute_as(relation_owner, format('DROP TRIGGER %I ON %s', trigger_name, relation));
END
$drop_trigger$;
COMMENT ON FUNCTION btwin._drop_trigger(regclass, name, name) IS
'Internal: drops a trigger as the owner of its table; false where there is none.';

-- The owner of a table need not see schema btwin, where the function is. So the
-- role that owns the function makes the trigger, by a right lent for the moment:
-- on partitions too, which get the trigger as well and may have other owners.
CREATE FUNCTION btwin._create_trigger(relation regclass, relation_owner name, trigger_name name, statement text) RETURNS boolean
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $create_trigger$
DECLARE
    lent    oid[];
BEGIN
    PERFORM btwin._drop_trigger(relation, relation_owner, trigger_name);
    SELECT coalesce(array_agg(c.oid ORDER BY c.oid), '{}') INTO lent
    FROM pg_class c
    WHERE (c.oid = relation OR c.oid IN (SELECT p.relid FROM pg_partition_tree(relation) p)) AND NOT has_table_privilege(c.oid, 'TRIGGER');
    PERFORM btwin._execute_as(pg_get_userbyid(c.relowner), format('GRANT TRIGGER ON %s TO %I', c.oid::regclass, current_user)) FROM pg_class c WHERE c.oid = ANY (lent);
    EXECUTE statement;
    PERFORM btwin._execute_as(pg_get_userbyid(c.relowner), format('REVOKE TRIGGER ON %s FROM %I', c.oid::regclass, current_user)) FROM pg_class c WHERE c.oid = ANY (lent);
    RETURN btwin._execute_as(relation_owner, format('ALTER TABLE %s ENABLE ALWAYS TRIGGER %I', relation, trigger_name));
END
$create_trigger$;
COMMENT ON FUNCTION btwin._create_trigger(regclass, name, name, text) IS
'Internal: makes a trigger, in place of one of that name, that fires for replicated rows too.';

-- A trigger of a table with pending events can be neither made nor dropped.
CREATE FUNCTION btwin._write_pending_notes() RETURNS boolean
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $write_pending_notes$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = to_regclass('btwin.late_change') AND t.tgname = 'btwin_note_flush') THEN
        RETURN false;
    END IF;
    SET CONSTRAINTS btwin.btwin_note_flush IMMEDIATE;
    SET CONSTRAINTS btwin.btwin_note_flush DEFERRED;
    -- what was written at once is remembered, and may be taken now
    PERFORM set_config('btwin_note.pending', '', true) WHERE starts_with(current_setting('btwin_note.pending', true), 'direct');
    RETURN true;
END
$write_pending_notes$;
COMMENT ON FUNCTION btwin._write_pending_notes() IS
'Internal: writes the notes of this transaction that are pending.';

CREATE FUNCTION btwin._enable_triggers(relation regclass, relation_owner name) RETURNS boolean
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $enable_triggers$
DECLARE
    disabled    name;
    any_found   boolean := false;
BEGIN
    FOR disabled IN
        SELECT t.tgname FROM pg_trigger t
        WHERE t.tgrelid = relation AND t.tgname LIKE 'btwin\_note\_%' AND t.tgenabled <> 'A' ORDER BY t.tgname
    LOOP
        PERFORM btwin._execute_as(relation_owner, format('ALTER TABLE %s ENABLE ALWAYS TRIGGER %I', relation, disabled));
        any_found := true;
    END LOOP;
    RETURN any_found;
END
$enable_triggers$;
COMMENT ON FUNCTION btwin._enable_triggers(regclass, name) IS
'Internal: lets the triggers of a table fire always; true where one did not.';

CREATE FUNCTION btwin._make_note_function(function_name name, table_name name, statement text, definition text) RETURNS text
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $make_note_function$
#variable_conflict use_column
DECLARE
    signature   text := format('btwin.%I()', function_name);
    stands      boolean := to_regprocedure(signature) IS NOT NULL;
BEGIN
    IF stands AND EXISTS (SELECT FROM btwin.attached_object o
                          WHERE o.kind = 'note function' AND o.object_name = function_name AND o.definition = _make_note_function.definition) THEN
        RETURN 'found';
    END IF;
    EXECUTE regexp_replace(statement, '^CREATE FUNCTION', 'CREATE OR REPLACE FUNCTION');
    EXECUTE format('COMMENT ON FUNCTION %s IS %L', signature,
                   'Internal: notes late changes. SECURITY DEFINER: whoever changes a row has no right on the notes; it writes learner and day of that row, or that all may have changed, and nothing else.');
    INSERT INTO btwin.attached_object (kind, schema_name, object_name, table_name, made, definition)
    VALUES ('note function', 'btwin', function_name, table_name, true, _make_note_function.definition)
    ON CONFLICT (kind, schema_name, object_name) DO UPDATE SET made = true, definition = excluded.definition;
    RETURN CASE WHEN stands THEN 'changed' ELSE 'created' END;
END
$make_note_function$;
COMMENT ON FUNCTION btwin._make_note_function(name, name, text, text) IS
'Internal: makes a trigger function unless it stands as defined; says found, created or changed.';

CREATE FUNCTION btwin._attach_notes(schema_name name, create_indexes boolean)
RETURNS TABLE (object text, kind text, action text, detail text)
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $attach_notes$
#variable_conflict use_column
DECLARE
    wanted  boolean := (SELECT a.triggers FROM btwin.attachment a);
    names   CONSTANT name[] := '{btwin_note_insert,btwin_note_update,btwin_note_delete}';
    source  record;
    part    record;
    made    record;
    was     text;
    unseen  boolean := false;
BEGIN
    IF NOT wanted THEN
        RETURN QUERY SELECT d.object, d.kind, d.action, d.detail FROM btwin._detach_notes(false, false) AS d;
        RETURN;
    END IF;

    kind := 'function';
    object := 'btwin._note_truncate()';
    detail := 'notes that a table was emptied';
    action := btwin._make_note_function('_note_truncate', '', btwin._note_truncate_statement(), btwin._note_truncate_statement());
    RETURN NEXT;
    object := 'btwin._note_flush()';
    detail := 'writes pending notes before commit';
    action := btwin._make_note_function('_note_flush', '', btwin._note_flush_statement(), btwin._note_flush_statement());
    RETURN NEXT;
    kind := 'trigger';
    object := 'btwin_note_flush on btwin.late_change';
    detail := 'pending notes, before commit';
    action := 'found';
    IF NOT EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = 'btwin.late_change'::regclass AND t.tgname = 'btwin_note_flush' AND t.tgenabled = 'A') THEN
        PERFORM btwin._write_pending_notes();
        PERFORM btwin._create_trigger('btwin.late_change', pg_get_userbyid(c.relowner), 'btwin_note_flush',
                                      $create$CREATE CONSTRAINT TRIGGER btwin_note_flush AFTER INSERT ON btwin.late_change DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (CASE WHEN current_setting('btwin_note.pending', true) = 'first' THEN set_config('btwin_note.pending', 'queued', true) = 'queued' ELSE false END)
    EXECUTE FUNCTION btwin._note_flush()$create$)
        FROM pg_class c WHERE c.oid = 'btwin.late_change'::regclass;
        action := 'created';
    END IF;
    RETURN NEXT;

    FOR source IN SELECT s.table_name FROM btwin.store_source s ORDER BY s.table_name LOOP
        made := btwin._note_statements(schema_name, source.table_name);
        kind := 'function';
        object := format('btwin.%I()', '_note_' || source.table_name);
        detail := format('notes late changes of %I', source.table_name);
        was := btwin._make_note_function('_note_' || source.table_name, source.table_name, made.function_text,
                                         concat_ws(E';\n', made.function_text, made.insert_trigger, made.update_trigger, made.delete_trigger));
        action := was;
        RETURN NEXT;

        kind := 'trigger';
        FOR part IN SELECT t.relation::regclass AS relation, t.relation_owner, t.is_leaf FROM btwin._trigger_tables(schema_name) t WHERE t.table_name = source.table_name LOOP
            object := format('btwin_note on %s', part.relation);
            detail := CASE WHEN part.is_leaf THEN 'TRUNCATE of the partition' ELSE 'INSERT, UPDATE, DELETE, TRUNCATE' END;
            action := 'found';
            IF NOT part.is_leaf
               AND (was <> 'found' OR (SELECT count(*) FROM pg_trigger t WHERE t.tgrelid = part.relation AND t.tgname = ANY (names)) <> cardinality(names)) THEN
                PERFORM btwin._create_trigger(part.relation, part.relation_owner, 'btwin_note_insert', made.insert_trigger),
                        btwin._create_trigger(part.relation, part.relation_owner, 'btwin_note_update', made.update_trigger),
                        btwin._create_trigger(part.relation, part.relation_owner, 'btwin_note_delete', made.delete_trigger);
                action := 'created';
                unseen := true;
            END IF;
            IF NOT EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = part.relation AND t.tgname = 'btwin_note_truncate') THEN
                PERFORM btwin._create_trigger(part.relation, part.relation_owner, 'btwin_note_truncate',
                                              format('CREATE TRIGGER btwin_note_truncate AFTER TRUNCATE ON %s FOR EACH STATEMENT EXECUTE FUNCTION btwin._note_truncate()', part.relation));
                action := 'created';
            END IF;
            -- disabled, or of a partition that came with the ordinary firing
            IF btwin._enable_triggers(part.relation, part.relation_owner) AND action = 'found' THEN
                action := 'changed';
                detail := 'enabled again';
                unseen := true;
            END IF;
            RETURN NEXT;
        END LOOP;
    END LOOP;
    -- what changed before there were triggers nobody noted
    IF unseen AND EXISTS (SELECT FROM btwin.user_mark) THEN
        INSERT INTO btwin.late_change (user_id, from_day, to_day) VALUES (NULL, '-infinity', 'infinity');
    END IF;
END
$attach_notes$;
COMMENT ON FUNCTION btwin._attach_notes(name, boolean) IS
'Internal: makes the triggers that note late changes, on partitions too, or removes them where they are not wanted.';

CREATE FUNCTION btwin._detach_notes(drop_derived boolean, drop_data boolean)
RETURNS TABLE (object text, kind text, action text, detail text)
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $detach_notes$
#variable_conflict use_column
DECLARE
    part record;
BEGIN
    PERFORM btwin._write_pending_notes();
    kind := 'trigger';
    action := 'dropped';
    -- those of a partition that came with its parent go with it
    FOR part IN
        SELECT t.tgname, t.tgrelid::regclass AS relation, pg_get_userbyid(c.relowner) AS relation_owner
        FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
        WHERE t.tgname LIKE 'btwin\_note\_%' AND t.tgparentid = 0
          AND t.tgfoid IN (SELECT p.oid FROM pg_proc p
                           JOIN btwin.attached_object o ON o.kind = 'note function' AND o.object_name = p.proname
                           WHERE p.pronamespace = (SELECT n.oid FROM pg_namespace n WHERE n.nspname = 'btwin'))
        ORDER BY t.tgrelid::regclass::text, t.tgname
    LOOP
        PERFORM btwin._drop_trigger(part.relation, part.relation_owner, part.tgname);
        object := format('%s on %s', part.tgname, part.relation);
        RETURN NEXT;
    END LOOP;
    kind := 'function';
    FOR part IN SELECT o.object_name FROM btwin.attached_object o WHERE o.kind = 'note function' ORDER BY o.object_name LOOP
        CONTINUE WHEN to_regprocedure(format('btwin.%I()', part.object_name)) IS NULL;
        object := format('btwin.%I()', part.object_name);
        EXECUTE format('DROP FUNCTION %s', object);
        RETURN NEXT;
    END LOOP;
    DELETE FROM btwin.attached_object o WHERE o.kind = 'note function';
END
$detach_notes$;
COMMENT ON FUNCTION btwin._detach_notes(boolean, boolean) IS
'Internal: drops the triggers and their functions.';

INSERT INTO btwin.attach_step (position, step, check_function, attach_function, detach_function, comment) VALUES
    (60, 'notes', 'btwin._check_notes', 'btwin._attach_notes', 'btwin._detach_notes', 'triggers that note late changes');
-- Refresh: closes days, folds noted changes in, learner by learner, in committed
-- batches. What it does for a learner is whole: before its commit readers see the
-- old state and the notes, after it the new state and none of them.

-- When a day may be closed. A transaction that is still running may yet write to
-- any day younger than two days without a note, by its clock when it writes. So
-- nobody may be running who could have looked at that clock too early: refresh
-- takes the time, then a transaction number, and keeps both. Once every running
-- transaction is numbered later than that (prepared ones count as running), each
-- of them judges its rows after that time. Two days are the age that is noted, one is for rows of a
-- session a day away from it, one for clocks that step.
CREATE FUNCTION btwin._closed_before() RETURNS timestamptz
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $closed_before$
BEGIN
    RETURN (SELECT max(c.taken_at) - interval '96 hours' FROM btwin.refresh_clock c
            WHERE c.system_id = (SELECT s.system_identifier FROM pg_control_system() s)
              AND c.xid < pg_snapshot_xmin(pg_current_snapshot()));
END
$closed_before$;
COMMENT ON FUNCTION btwin._closed_before() IS
'Internal: days that ended before this moment may be closed; NULL: none, nothing is known of the running transactions yet.';

CREATE FUNCTION btwin._take_clock() RETURNS xid8
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $take_clock$
DECLARE
    moment timestamptz := clock_timestamp();    -- before the number
    number xid8 := pg_current_xact_id();
BEGIN
    INSERT INTO btwin.refresh_clock (xid, taken_at, system_id)
    SELECT number, moment, s.system_identifier FROM pg_control_system() s
    ON CONFLICT (xid) DO UPDATE SET taken_at = excluded.taken_at, system_id = excluded.system_id
    WHERE refresh_clock.system_id <> excluded.system_id;
    -- one a quarter of an hour is enough to remember, and what another server knew is worth nothing
    DELETE FROM btwin.refresh_clock c
    WHERE c.system_id <> (SELECT s.system_identifier FROM pg_control_system() s)
       OR c.taken_at < (SELECT max(d.taken_at) FROM btwin.refresh_clock d WHERE d.xid < pg_snapshot_xmin(pg_current_snapshot()))
       OR EXISTS (SELECT FROM btwin.refresh_clock e WHERE e.xid < c.xid AND e.xid > pg_snapshot_xmin(pg_current_snapshot())
                                                      AND e.taken_at > c.taken_at - interval '15 minutes');
    RETURN number;
END
$take_clock$;
COMMENT ON FUNCTION btwin._take_clock() IS
'Internal: takes the time, then a transaction number, and keeps both.';

CREATE FUNCTION btwin._pending_learners(closed_before timestamptz) RETURNS TABLE (user_id text)
LANGUAGE plpgsql STABLE ROWS 1000
SET search_path = pg_catalog, pg_temp
SET row_security = off
AS $pending_learners$
#variable_conflict use_column
DECLARE
    default_zone text := (SELECT a.default_time_zone FROM btwin.attachment a);
BEGIN
    RETURN QUERY
    WITH learner AS MATERIALIZED (
        SELECT u.id, coalesce(l.time_zone, default_zone) AS zone
        FROM btwin.users u LEFT JOIN btwin.learner l ON l.user_id = u.id
        WHERE u.behavioral_analysis_enabled
    )
    -- changes were noted, of somebody or of everybody
    SELECT c.user_id FROM btwin.late_change c WHERE c.user_id IS NOT NULL
    UNION
    SELECT m.user_id FROM btwin.user_mark m WHERE EXISTS (SELECT FROM btwin.late_change c WHERE c.user_id IS NULL)
    UNION
    -- gone, or analysed no more
    SELECT m.user_id FROM btwin.user_mark m WHERE NOT EXISTS (SELECT FROM learner l WHERE l.id = m.user_id)
    UNION
    -- new, or with another calendar
    SELECT l.id FROM learner l
    WHERE closed_before IS NOT NULL AND NOT EXISTS (SELECT FROM btwin.user_mark m WHERE m.user_id = l.id AND m.time_zone = l.zone)
    UNION
    -- with rows in days that can be closed now
    SELECT l.id
    FROM learner l
    JOIN btwin.user_mark m ON m.user_id = l.id
    CROSS JOIN LATERAL (SELECT btwin._day_start(m.closed_through + 1, l.zone) AS from_at,
                               btwin._day_start((closed_before AT TIME ZONE l.zone)::date, l.zone) AS to_at) AS d
    WHERE d.from_at < d.to_at
      AND (EXISTS (SELECT FROM btwin.study_sessions_window(l.id, d.from_at, d.to_at))
           OR EXISTS (SELECT FROM btwin.reviews_window(l.id, d.from_at, d.to_at))
           OR EXISTS (SELECT FROM btwin.behavioral_events_window(l.id, d.from_at, d.to_at))
           OR EXISTS (SELECT FROM btwin.missions_window(l.id, d.from_at, d.to_at))
           OR EXISTS (SELECT FROM btwin.cognitive_load_metrics_window(l.id, d.from_at, d.to_at))
           OR EXISTS (SELECT FROM btwin.personalization_outcomes_window(l.id, d.from_at, d.to_at))
           OR EXISTS (SELECT FROM btwin.struggle_predictions_window(l.id, d.from_at - interval '2880 hours', d.to_at + interval '2880 hours') p
                      WHERE p.actual_outcome_recorded_at >= d.from_at AND p.actual_outcome_recorded_at < d.to_at))
    ORDER BY 1;
END
$pending_learners$;
COMMENT ON FUNCTION btwin._pending_learners(timestamptz) IS
'Internal: learners for whom a refresh has something to do.';

CREATE FUNCTION btwin._forget_stored(user_id text) RETURNS bigint
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
SET row_security = off
AS $forget_stored$
#variable_conflict use_column
DECLARE
    n bigint;
    gone bigint := 0;
BEGIN
    DELETE FROM btwin.user_day d WHERE d.user_id = _forget_stored.user_id;
    GET DIAGNOSTICS n = ROW_COUNT;
    gone := gone + n;
    DELETE FROM btwin.user_month m WHERE m.user_id = _forget_stored.user_id;
    GET DIAGNOSTICS n = ROW_COUNT;
    gone := gone + n;
    DELETE FROM btwin.user_total t WHERE t.user_id = _forget_stored.user_id;
    GET DIAGNOSTICS n = ROW_COUNT;
    gone := gone + n;
    DELETE FROM btwin.user_mark m WHERE m.user_id = _forget_stored.user_id;
    GET DIAGNOSTICS n = ROW_COUNT;
    RETURN gone + n;
END
$forget_stored$;
COMMENT ON FUNCTION btwin._forget_stored(text) IS
'Internal: removes what the store holds of a learner; returns the number of rows.';

CREATE FUNCTION btwin._refresh_learner(user_id text, closed_before timestamptz) RETURNS bigint
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
SET row_security = off
AS $refresh_learner$
#variable_conflict use_column
DECLARE
    learner     text := _refresh_learner.user_id;
    families    text[] := (SELECT array_agg(f.family) FROM btwin.store_family f);
    whole       text[] := (SELECT array_agg(f.family) FROM btwin.store_family f WHERE f.window_days IS NULL);
    zone        text;
    mark        btwin.user_mark;
    noted       datemultirange;
    closed      date;
    through     date;
    todo        datemultirange;
    part        daterange;
    written     bigint := 0;
    n           bigint;
BEGIN
    -- The notes first: a change that commits after this statement leaves its own
    -- note, one before it is seen by the statements below.
    WITH taken AS (
        DELETE FROM btwin.late_change c WHERE c.user_id = learner RETURNING c.from_day, c.to_day
    )
    SELECT coalesce(range_agg(daterange(nullif(t.from_day, '-infinity') - 2, nullif(t.to_day, 'infinity') + 2, '[]')), '{}') INTO noted FROM taken t;

    IF NOT btwin._is_analysed(learner) THEN
        PERFORM btwin._forget_stored(learner);
        RETURN 0;
    END IF;
    zone := btwin.learner_time_zone(learner);
    SELECT m.* INTO mark FROM btwin.user_mark m WHERE m.user_id = learner;
    -- without a mark there may be rows from before a detach, of another calendar
    IF mark.time_zone IS DISTINCT FROM zone THEN
        PERFORM btwin._forget_stored(learner);
        mark := NULL;
    END IF;
    closed := greatest((closed_before AT TIME ZONE zone)::date - 1, mark.closed_through);
    IF closed IS NULL THEN
        RETURN 0;
    END IF;
    through := date_trunc('month', closed + 1)::date - 1;

    -- days
    todo := CASE WHEN mark.closed_through IS NULL THEN datemultirange(daterange(NULL, closed, '[]'))
                 ELSE noted * datemultirange(daterange(NULL, closed, '[]')) + datemultirange(daterange(mark.closed_through, closed, '(]')) END;
    FOR part IN SELECT unnest(todo) LOOP
        DELETE FROM btwin.user_day d WHERE d.user_id = learner AND d.day >= coalesce(lower(part), '-infinity') AND d.day < upper(part);
        INSERT INTO btwin.user_day (user_id, family, day, n_rows, total, pattern, forgetting, struggle, load, burnout, bandit)
        SELECT learner, s.family, s.day, s.n_rows, s.total, s.pattern, s.forgetting, s.struggle, s.load, s.burnout, s.bandit
        FROM btwin._day_states(learner, families, coalesce(lower(part), '-infinity'), upper(part) - 1, 'infinity', zone) AS s;
        GET DIAGNOSTICS n = ROW_COUNT;
        written := written + n;
    END LOOP;

    -- months, those that are whole
    todo := (todo + datemultirange(daterange(mark.total_through, through, '(]'))) * datemultirange(daterange(NULL, through, '[]'));
    FOR part IN
        SELECT unnest(range_agg(daterange(date_trunc('month', lower(r))::date, (date_trunc('month', upper(r) - 1) + interval '1 month')::date)))
        FROM unnest(todo) AS r
    LOOP
        DELETE FROM btwin.user_month m WHERE m.user_id = learner AND m.month >= coalesce(lower(part), '-infinity') AND m.month < upper(part);
        INSERT INTO btwin.user_month (user_id, family, month, n_rows, total, pattern, forgetting, struggle, load, burnout, bandit)
        SELECT learner, d.family, d.month, sum(d.n_rows), sum(d.total),
               btwin.rollup(d.pattern) FILTER (WHERE d.pattern IS NOT NULL), btwin.seal(btwin.rollup(d.forgetting) FILTER (WHERE d.forgetting IS NOT NULL)),
               btwin.rollup(d.struggle) FILTER (WHERE d.struggle IS NOT NULL), btwin.rollup(d.load) FILTER (WHERE d.load IS NOT NULL),
               btwin.rollup(d.burnout) FILTER (WHERE d.burnout IS NOT NULL), btwin.rollup(d.bandit) FILTER (WHERE d.bandit IS NOT NULL)
        FROM (SELECT d.*, date_trunc('month', d.day)::date AS month FROM btwin.user_day d
              WHERE d.user_id = learner AND d.day >= coalesce(lower(part), '-infinity') AND d.day < upper(part)
              ORDER BY d.family, d.day) AS d
        GROUP BY d.family, d.month;
    END LOOP;

    -- the total, always from all its months: added to step by step it would differ
    -- in the last digit from what verify() works out
    IF NOT isempty(todo) THEN
        DELETE FROM btwin.user_total t WHERE t.user_id = learner;
        INSERT INTO btwin.user_total (user_id, family, up_to, n_rows, total, pattern, forgetting, struggle, load, burnout, bandit)
        SELECT learner, s.family, through, sum(s.n_rows), sum(s.total),
               btwin.rollup(s.pattern) FILTER (WHERE s.pattern IS NOT NULL), btwin.condense(btwin.rollup(s.forgetting) FILTER (WHERE s.forgetting IS NOT NULL)),
               btwin.rollup(s.struggle) FILTER (WHERE s.struggle IS NOT NULL), btwin.rollup(s.load) FILTER (WHERE s.load IS NOT NULL),
               btwin.rollup(s.burnout) FILTER (WHERE s.burnout IS NOT NULL), btwin.rollup(s.bandit) FILTER (WHERE s.bandit IS NOT NULL)
        FROM (SELECT m.* FROM btwin.user_month m WHERE m.user_id = learner AND m.family = ANY (whole) ORDER BY m.family, m.month) AS s
        GROUP BY s.family;
    END IF;

    INSERT INTO btwin.user_mark (user_id, closed_through, total_through, time_zone, refreshed_at)
    VALUES (learner, closed, date_trunc('month', closed + 1)::date - 1, zone, clock_timestamp())
    ON CONFLICT (user_id) DO UPDATE
    SET closed_through = excluded.closed_through, total_through = excluded.total_through, time_zone = excluded.time_zone, refreshed_at = excluded.refreshed_at;
    RETURN written;
END
$refresh_learner$;
COMMENT ON FUNCTION btwin._refresh_learner(text, timestamptz) IS
'Internal: brings what the store holds of a learner up to date; returns the number of day rows written.';

-- A fault with one learner is recorded and does not stop the others; notes and
-- rows of that learner stay as they were.
CREATE FUNCTION btwin._refresh_batch(run_id bigint, user_ids text[], closed_before timestamptz) RETURNS integer
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $refresh_batch$
DECLARE
    learner text;
    days    bigint := 0;
    done    integer := 0;
    problem text;
BEGIN
    FOREACH learner IN ARRAY user_ids LOOP
        BEGIN
            days := days + btwin._refresh_learner(learner, closed_before);
            done := done + 1;
        EXCEPTION WHEN OTHERS THEN
            IF sqlstate ~ '^(40|53|57|XX)' THEN
                RAISE;
            END IF;
            problem := coalesce(problem, format('learner %s: %s (%s)', learner, sqlerrm, sqlstate));
            RAISE WARNING 'learner "%" could not be refreshed: %', learner, sqlerrm USING ERRCODE = '01000';
        END;
    END LOOP;
    UPDATE btwin.refresh_run r
    SET learners_done = r.learners_done + done, days_written = r.days_written + days, error = coalesce(r.error, problem)
    WHERE r.run_id = _refresh_batch.run_id;
    RETURN done;
END
$refresh_batch$;
COMMENT ON FUNCTION btwin._refresh_batch(bigint, text[], timestamptz) IS
'Internal: refreshes some learners and writes down how far the run is.';

CREATE FUNCTION btwin._begin_refresh(closed_before timestamptz, OUT run_id bigint, OUT user_ids text[])
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
SET row_security = off
AS $begin_refresh$
#variable_conflict use_column
BEGIN
    -- notes of the caller's own transaction are taken as well: what it changes
    -- from now on must be noted again
    PERFORM btwin._write_pending_notes();
    UPDATE btwin.refresh_run r SET outcome = 'abandoned', finished_at = clock_timestamp() WHERE r.outcome = 'running';
    PERFORM btwin._note_partitions();
    PERFORM btwin._note_contents();
    -- a note for everybody becomes one for each
    WITH everybody AS (
        DELETE FROM btwin.late_change c WHERE c.user_id IS NULL RETURNING c.from_day, c.to_day
    )
    INSERT INTO btwin.late_change (user_id, from_day, to_day)
    SELECT m.user_id, min(e.from_day), max(e.to_day) FROM everybody e CROSS JOIN btwin.user_mark m GROUP BY m.user_id;
    SELECT coalesce(array_agg(p.user_id), '{}') INTO user_ids FROM btwin._pending_learners(_begin_refresh.closed_before) p;
    INSERT INTO btwin.refresh_run (started_at, learners, closed_before)
    VALUES (clock_timestamp(), cardinality(user_ids), _begin_refresh.closed_before) RETURNING refresh_run.run_id INTO run_id;
    DELETE FROM btwin.refresh_run r WHERE r.started_at < clock_timestamp() - interval '90 days';
END
$begin_refresh$;
COMMENT ON FUNCTION btwin._begin_refresh(timestamptz) IS
'Internal: writes down a run and lists the learners it is for.';

CREATE FUNCTION btwin._end_refresh(run_id bigint) RETURNS text
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $end_refresh$
DECLARE
    result text;
BEGIN
    UPDATE btwin.refresh_run r
    SET finished_at = clock_timestamp(), outcome = CASE WHEN r.error IS NULL THEN 'done' ELSE 'failed' END
    WHERE r.run_id = _end_refresh.run_id
    RETURNING format('%s: %s of %s learners, %s day rows', r.outcome, r.learners_done, r.learners, r.days_written) INTO result;
    RETURN result;
END
$end_refresh$;
COMMENT ON FUNCTION btwin._end_refresh(bigint) IS
'Internal: ends a run.';

CREATE PROCEDURE btwin.refresh(batch_size integer DEFAULT 50, INOUT result text DEFAULT NULL)
LANGUAGE plpgsql
AS $refresh$
DECLARE
    run_id  pg_catalog.int8;
    pending pg_catalog.text[];
    horizon pg_catalog.timestamptz;
    place   pg_catalog.int4 := 1;
    lock_key CONSTANT pg_catalog.int8 := pg_catalog.hashtextextended('btwin.refresh', 0);
BEGIN
    PERFORM btwin.require_attached();
    IF batch_size IS NULL OR batch_size OPERATOR(pg_catalog.<) 1 THEN
        RAISE EXCEPTION 'batch_size must be at least 1, not %', batch_size USING ERRCODE = 'invalid_parameter_value';
    END IF;
    -- The lock is a transaction's: it is free again whatever becomes of the
    -- session, and taken again after each commit.
    IF NOT pg_catalog.pg_try_advisory_xact_lock(lock_key) THEN
        result := 'skipped: a refresh is running';
        RETURN;
    END IF;
    PERFORM btwin._take_clock();
    COMMIT;

    IF NOT pg_catalog.pg_try_advisory_xact_lock(lock_key) THEN
        result := 'skipped: a refresh is running';
        RETURN;
    END IF;
    horizon := btwin._closed_before();
    SELECT b.run_id, b.user_ids INTO run_id, pending FROM btwin._begin_refresh(horizon) AS b;
    COMMIT;

    WHILE place OPERATOR(pg_catalog.<=) pg_catalog.cardinality(pending) LOOP
        IF NOT pg_catalog.pg_try_advisory_xact_lock(lock_key) THEN
            result := 'skipped: another refresh took over';
            RETURN;
        END IF;
        PERFORM btwin._refresh_batch(run_id, pending[place : place OPERATOR(pg_catalog.+) batch_size OPERATOR(pg_catalog.-) 1], horizon);
        COMMIT;
        place := place OPERATOR(pg_catalog.+) batch_size;
    END LOOP;
    result := btwin._end_refresh(run_id);
END
$refresh$;
COMMENT ON PROCEDURE btwin.refresh(integer, text) IS
'Brings the store up to date: closes days that can be closed (ended four days ago, and every running transaction is younger than the call that noticed), folds noted changes in, removes learners who left. Commits after every batch_size learners, so it cannot be called within a transaction block; what a crash leaves undone the next call does. One runs at a time: result is "skipped" at once for a second caller. Its progress is in btwin.refresh_run. Answers are right whether or not it has run; it makes them cheap. Errors: TW001 before attach, 22023 for a batch_size below 1, 42501 where the caller would see less than all rows.';

CREATE FUNCTION btwin.refresh_now() RETURNS text
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $refresh_now$
DECLARE
    run     record;
    horizon timestamptz;
BEGIN
    PERFORM btwin.require_attached();
    IF NOT pg_try_advisory_xact_lock(hashtextextended('btwin.refresh', 0)) THEN
        RETURN 'skipped: a refresh is running';
    END IF;
    horizon := btwin._closed_before();
    PERFORM btwin._take_clock();
    run := btwin._begin_refresh(horizon);
    PERFORM btwin._refresh_batch(run.run_id, run.user_ids, horizon);
    RETURN btwin._end_refresh(run.run_id);
END
$refresh_now$;
COMMENT ON FUNCTION btwin.refresh_now() IS
'As the procedure btwin.refresh, for drivers that cannot CALL: in one transaction, the caller''s. Result: how it ended and how much it did, or "skipped" at once where a refresh is running. Errors: TW001 before attach, 42501 where the caller would see less than all rows.';
-- Proof that the store says what the tables say, and the ways to make it anew.

-- Partitions that come and go with their rows fire no row trigger. Refresh keeps
-- the list of what it saw and notes the difference.
CREATE FUNCTION btwin._note_partitions() RETURNS bigint
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
SET row_security = off
AS $note_partitions$
#variable_conflict use_column
DECLARE
    attached    name := btwin.require_attached();
    part        record;
    notes       bigint := 0;
    n           bigint;
BEGIN
    FOR part IN
        WITH now AS (
            -- a partition that went and came back has new triggers
            SELECT t.table_name, t.relation::oid AS relation, t.relation_owner, coalesce(g.oid, 0) AS trigger_id
            FROM btwin._trigger_tables(attached) t JOIN pg_class c ON c.oid = t.relation
            LEFT JOIN pg_trigger g ON g.tgrelid = t.relation AND g.tgname = 'btwin_note_insert'
            WHERE c.relkind = 'r'
        )
        SELECT coalesce(n.table_name, p.table_name) AS table_name, n.relation AS came, n.trigger_id, n.relation_owner, p.relation AS gone,
               -- of one that is back with other triggers everything is noted already
               NOT EXISTS (SELECT FROM btwin.store_partition q WHERE q.table_name = n.table_name)
               OR EXISTS (SELECT FROM btwin.store_partition q WHERE q.table_name = n.table_name AND q.relation = n.relation) AS is_noted
        FROM now n FULL JOIN btwin.store_partition p ON p.table_name = n.table_name AND p.relation = n.relation AND p.trigger_id = n.trigger_id
        WHERE n.relation IS NULL OR p.relation IS NULL
        ORDER BY p.relation IS NULL
    LOOP
        IF part.gone IS NOT NULL THEN
            -- nobody can say any more whose rows it held
            INSERT INTO btwin.late_change (user_id, from_day, to_day) VALUES (NULL, '-infinity', 'infinity');
            DELETE FROM btwin.store_partition p WHERE p.table_name = part.table_name AND p.relation = part.gone;
            notes := notes + 1;
        ELSE
            INSERT INTO btwin.store_partition (table_name, relation, trigger_id) VALUES (part.table_name, part.came, part.trigger_id);
            CONTINUE WHEN part.is_noted;
            -- who may read the table need not have a right on its partitions
            EXECUTE (SELECT format('INSERT INTO btwin.late_change (user_id, from_day, to_day) SELECT u, d, d FROM (SELECT DISTINCT t.%1$I AS u, %3$s AS d FROM %4$s t WHERE t.%2$I IS NOT NULL AND isfinite(t.%2$I) AND t.tableoid = %5$s) AS q WHERE u IS NOT NULL',
                                   c.learner, c.moment, format(CASE WHEN c.is_utc THEN 't.%I::date' ELSE '(t.%I AT TIME ZONE ''UTC'')::date' END, c.moment),
                                   CASE WHEN has_table_privilege(part.came, 'SELECT') THEN part.came::regclass::text ELSE format('%I.%I', attached, part.table_name) END, part.came)
                     FROM (SELECT max(a.found_name) FILTER (WHERE a.column_name = m.learner_column) AS learner, max(a.found_name) FILTER (WHERE a.column_name = s.moment_column) AS moment,
                                  bool_or(a.expression LIKE '%AT TIME ZONE%') FILTER (WHERE a.column_name = s.moment_column) AS is_utc
                           FROM btwin.store_source s JOIN btwin.domain_table m ON m.table_name = s.table_name
                           CROSS JOIN LATERAL btwin._adoption(attached, s.table_name) a
                           WHERE s.table_name = part.table_name) AS c);
            GET DIAGNOSTICS n = ROW_COUNT;
            notes := notes + n;
            -- its TRUNCATE is to be noted too; where this role may not, attach does it
            IF (SELECT a.triggers FROM btwin.attachment a) AND pg_has_role(part.relation_owner, 'USAGE')
               AND NOT EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = part.came AND t.tgname = 'btwin_note_truncate') THEN
                EXECUTE format('CREATE TRIGGER btwin_note_truncate AFTER TRUNCATE ON %s FOR EACH STATEMENT EXECUTE FUNCTION btwin._note_truncate()', part.came::regclass);
                EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER btwin_note_truncate', part.came::regclass);
            END IF;
        END IF;
    END LOOP;
    RETURN notes;
END
$note_partitions$;
COMMENT ON FUNCTION btwin._note_partitions() IS
'Internal: compares the partitions of the tables with those the last refresh saw; notes the rows of new ones, and everything where one is gone. Returns the number of notes.';

-- Where no triggers note changes, refresh compares what the tables hold with what
-- they held, month by month of each learner.
CREATE FUNCTION btwin._note_contents() RETURNS bigint
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
SET row_security = off
SET jit = off
-- the same row is the same text, whatever the session has set
SET TimeZone = 'UTC'
SET DateStyle = 'ISO'
SET extra_float_digits = 1
AS $note_contents$
#variable_conflict use_column
DECLARE
    query text;
    notes bigint;
BEGIN
    IF (SELECT a.triggers FROM btwin.attachment a) THEN
        DELETE FROM btwin.store_content;
        RETURN 0;
    END IF;
    SELECT string_agg(format('SELECT t.%1$I AS user_id, date_trunc(''month'', t.%2$I AT TIME ZONE ''UTC'')::date AS month, %3$L AS source, count(*) AS n, sum(hashtextextended(t::text, 0)::numeric) AS content FROM btwin.%4$I t WHERE isfinite(t.%2$I) GROUP BY 1, 2',
                             d.learner_column, s.moment_column, s.table_name, s.table_name), ' UNION ALL ' ORDER BY s.table_name)
    INTO query FROM btwin.store_source s JOIN btwin.domain_table d ON d.table_name = s.table_name;
    EXECUTE format($compare$
        WITH now AS MATERIALIZED (
            SELECT c.user_id, c.month, md5(string_agg(format('%%s %%s %%s', c.source, c.n, c.content), ',' ORDER BY c.source)) AS digest
            FROM (%s) AS c WHERE c.user_id IS NOT NULL GROUP BY c.user_id, c.month
        ), changed AS MATERIALIZED (
            SELECT coalesce(n.user_id, s.user_id) AS user_id, coalesce(n.month, s.month) AS month, n.digest
            FROM now n FULL JOIN btwin.store_content s ON s.user_id = n.user_id AND s.month = n.month
            WHERE n.digest IS DISTINCT FROM s.digest
        ), gone AS (
            DELETE FROM btwin.store_content s USING changed c WHERE c.digest IS NULL AND s.user_id = c.user_id AND s.month = c.month
        ), kept AS (
            INSERT INTO btwin.store_content (user_id, month, digest) SELECT c.user_id, c.month, c.digest FROM changed c WHERE c.digest IS NOT NULL
            ON CONFLICT (user_id, month) DO UPDATE SET digest = excluded.digest
        )
        INSERT INTO btwin.late_change (user_id, from_day, to_day)
        SELECT c.user_id, c.month, (c.month + interval '1 month')::date - 1
        FROM changed c JOIN btwin.user_mark m ON m.user_id = c.user_id AND c.month <= m.closed_through + 1
        $compare$, query);
    GET DIAGNOSTICS notes = ROW_COUNT;
    RETURN notes;
END
$note_contents$;
COMMENT ON FUNCTION btwin._note_contents() IS
'Internal: where attach was told to make no triggers, compares every month of every learner with what the last refresh saw and notes those that differ. Returns the number of notes.';

CREATE FUNCTION btwin.stale_since() RETURNS timestamptz
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $stale_since$
BEGIN
    PERFORM btwin.require_attached();
    IF (SELECT a.triggers FROM btwin.attachment a) THEN
        RETURN NULL;
    END IF;
    RETURN coalesce((SELECT max(r.started_at) FROM btwin.refresh_run r WHERE r.outcome IN ('done', 'failed')), '-infinity');
END
$stale_since$;
COMMENT ON FUNCTION btwin.stale_since() IS
'Since when changes of old rows may be missing in answers: NULL where triggers note them (attach made them), answers are then exact; without triggers the start of the last refresh that ended, -infinity before the first. Rows of the last days are read live in either case. Error TW001 before attach.';

CREATE FUNCTION btwin.verify(user_id text DEFAULT NULL, sample integer DEFAULT 100, heal boolean DEFAULT false)
RETURNS TABLE (learner_id text, family text, tier text, period date, problem text)
LANGUAGE plpgsql VOLATILE ROWS 10
SET search_path = pg_catalog, pg_temp
SET row_security = off
AS $verify$
#variable_conflict use_column
DECLARE
    learner     record;
    families    text[] := (SELECT array_agg(f.family) FROM btwin.store_family f);
BEGIN
    PERFORM btwin.require_attached();
    IF verify.sample < 1 OR verify.heal IS NULL THEN
        RAISE EXCEPTION '%', CASE WHEN verify.heal IS NULL THEN 'heal must be true or false' ELSE format('sample must be at least 1, not %s', verify.sample) END
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    FOR learner IN
        SELECT m.user_id, m.time_zone FROM btwin.user_mark m
        WHERE m.user_id = coalesce(verify.user_id, m.user_id)
        ORDER BY random() LIMIT verify.sample
    LOOP
        -- one statement, one snapshot: a change it sees it also sees noted
        FOR learner_id, family, tier, period, problem IN
            WITH mark AS MATERIALIZED (
                SELECT m.* FROM btwin.user_mark m
                WHERE m.user_id = learner.user_id AND m.time_zone = btwin.learner_time_zone(m.user_id) AND btwin._is_analysed(m.user_id)
            ), noted AS MATERIALIZED (
                SELECT btwin._noted_days(learner.user_id) AS days
            ), fresh AS (
                SELECT s.*
                FROM mark m CROSS JOIN LATERAL btwin._day_states(m.user_id, families, '-infinity', m.closed_through, 'infinity', m.time_zone) AS s
            ), day AS (
                SELECT coalesce(f.family, d.family) AS family, coalesce(f.day, d.day) AS period,
                       CASE WHEN d.day IS NULL THEN 'missing' WHEN f.day IS NULL THEN 'surplus' ELSE 'differs' END AS problem
                FROM fresh f
                FULL JOIN (SELECT d.* FROM btwin.user_day d JOIN mark m ON m.user_id = d.user_id) d ON d.family = f.family AND d.day = f.day
                WHERE (f.n_rows, round(f.total::numeric, 9), f.pattern::text, f.forgetting::text, f.struggle::text, f.load::text, f.burnout::text, f.bandit::text)
                      IS DISTINCT FROM (d.n_rows, round(d.total::numeric, 9), d.pattern::text, d.forgetting::text, d.struggle::text, d.load::text, d.burnout::text, d.bandit::text)
            ), month AS (
                SELECT coalesce(f.family, t.family) AS family, coalesce(f.month, t.month) AS period,
                       CASE WHEN t.month IS NULL THEN 'missing' WHEN f.month IS NULL THEN 'surplus' ELSE 'differs' END AS problem
                FROM (SELECT d.family, d.month, sum(d.n_rows) AS n_rows,
                             btwin.rollup(d.pattern) FILTER (WHERE d.pattern IS NOT NULL) AS pattern, btwin.seal(btwin.rollup(d.forgetting) FILTER (WHERE d.forgetting IS NOT NULL)) AS forgetting,
                             btwin.rollup(d.struggle) FILTER (WHERE d.struggle IS NOT NULL) AS struggle, btwin.rollup(d.load) FILTER (WHERE d.load IS NOT NULL) AS load,
                             btwin.rollup(d.burnout) FILTER (WHERE d.burnout IS NOT NULL) AS burnout, btwin.rollup(d.bandit) FILTER (WHERE d.bandit IS NOT NULL) AS bandit
                      FROM (SELECT d.*, date_trunc('month', d.day)::date AS month
                            FROM btwin.user_day d JOIN mark m ON m.user_id = d.user_id AND d.day <= m.total_through ORDER BY d.family, d.day) d
                      GROUP BY d.family, d.month) f
                FULL JOIN (SELECT t.* FROM btwin.user_month t JOIN mark m ON m.user_id = t.user_id) t ON t.family = f.family AND t.month = f.month
                WHERE (f.n_rows, f.pattern::text, f.forgetting::text, f.struggle::text, f.load::text, f.burnout::text, f.bandit::text)
                      IS DISTINCT FROM (t.n_rows, t.pattern::text, t.forgetting::text, t.struggle::text, t.load::text, t.burnout::text, t.bandit::text)
            ), total AS (
                SELECT coalesce(f.family, t.family) AS family, m.total_through AS period,
                       CASE WHEN t.family IS NULL THEN 'missing' WHEN f.family IS NULL THEN 'surplus' ELSE 'differs' END AS problem
                FROM (SELECT s.family, sum(s.n_rows) AS n_rows, max(s.through) AS through,
                             btwin.condense(btwin.rollup(s.forgetting) FILTER (WHERE s.forgetting IS NOT NULL)) AS forgetting, btwin.rollup(s.struggle) FILTER (WHERE s.struggle IS NOT NULL) AS struggle,
                             btwin.rollup(s.load) FILTER (WHERE s.load IS NOT NULL) AS load, btwin.rollup(s.bandit) FILTER (WHERE s.bandit IS NOT NULL) AS bandit
                      FROM (SELECT t.*, m.total_through AS through
                            FROM btwin.user_month t JOIN mark m ON m.user_id = t.user_id
                            JOIN btwin.store_family k ON k.family = t.family AND k.window_days IS NULL ORDER BY t.family, t.month) s
                      GROUP BY s.family) f
                FULL JOIN (SELECT t.* FROM btwin.user_total t JOIN mark m ON m.user_id = t.user_id) t ON t.family = f.family
                CROSS JOIN mark m
                WHERE (f.n_rows, f.through, f.forgetting::text, f.struggle::text, f.load::text, f.bandit::text)
                      IS DISTINCT FROM (t.n_rows, t.up_to, t.forgetting::text, t.struggle::text, t.load::text, t.bandit::text)
            )
            SELECT learner.user_id, p.family, p.tier, p.period, p.problem
            FROM (SELECT d.family, 'day' AS tier, d.period, d.problem FROM day d
                  UNION ALL SELECT m.family, 'month', m.period, m.problem FROM month m
                  UNION ALL SELECT t.family, 'total', t.period, t.problem FROM total t) AS p
            CROSS JOIN noted n
            WHERE NOT (n.days && CASE p.tier WHEN 'day' THEN daterange(p.period, p.period, '[]')
                                             WHEN 'month' THEN daterange(p.period, (p.period + interval '1 month')::date)
                                             ELSE daterange(NULL, p.period, '[]') END)
            ORDER BY p.family, p.tier, p.period
        LOOP
            IF verify.heal THEN
                INSERT INTO btwin.late_change (user_id, from_day, to_day)
                SELECT learner_id, CASE tier WHEN 'total' THEN date_trunc('month', period)::date ELSE period END,
                       CASE tier WHEN 'month' THEN (period + interval '1 month')::date - 1 ELSE period END;
            END IF;
            RETURN NEXT;
        END LOOP;
    END LOOP;
END
$verify$;
COMMENT ON FUNCTION btwin.verify(text, integer, boolean) IS
'Works the stored days of one learner, or of so many drawn at random, out anew and compares: a row for each stored day, month or total that is missing, surplus or differs; no row: the store says what the tables say. What is noted is not compared, it is not read either. heal: what differs is noted, so that it is read live at once and made anew by the next refresh. Errors: TW001 before attach, 22023 for a sample below 1, 42501 where the caller would see less than all rows.';

CREATE FUNCTION btwin.rebuild(user_id text DEFAULT NULL) RETURNS bigint
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
SET row_security = off
AS $rebuild$
#variable_conflict use_column
DECLARE
    n bigint;
BEGIN
    PERFORM btwin.require_attached();
    -- not beside a refresh, which may be writing what is removed here
    PERFORM pg_advisory_xact_lock(hashtextextended('btwin.refresh', 0));
    IF rebuild.user_id IS NOT NULL THEN
        RETURN btwin._forget_stored(rebuild.user_id);
    END IF;
    DELETE FROM btwin.user_mark;
    GET DIAGNOSTICS n = ROW_COUNT;
    DELETE FROM btwin.user_total;
    DELETE FROM btwin.user_month;
    DELETE FROM btwin.user_day;
    RETURN n;
END
$rebuild$;
COMMENT ON FUNCTION btwin.rebuild(text) IS
'Empties the store of one learner (result: rows removed) or of all (result: learners): answers are worked out from live rows until the next refresh fills it again. Waits for a running refresh. Errors: TW001 before attach, 42501 where the caller would see less than all rows.';
-- What is known of one learner, as one document, and its removal.

-- Rows of a table that belong to the learner $1, as a condition on its adapter
-- view (alias t); NULL: the table belongs to nobody.
CREATE FUNCTION btwin._learner_condition(table_name name, alias text DEFAULT 't') RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $learner_condition$
DECLARE
    model   btwin.domain_table;
    target  name;
BEGIN
    SELECT d.* INTO STRICT model FROM btwin.domain_table d WHERE d.table_name = _learner_condition.table_name;
    IF model.learner_column IS NOT NULL THEN
        RETURN format('%s.%I = $1', alias, model.learner_column);
    ELSIF model.learner_via IS NULL THEN
        RETURN NULL;
    END IF;
    SELECT r.referenced INTO STRICT target FROM btwin.domain_reference r
    WHERE r.table_name = model.table_name AND r.column_name = model.learner_via;
    RETURN format('EXISTS (SELECT FROM btwin.%1$I %2$s_ WHERE %2$s_.id = %2$s.%3$I AND %4$s)', target, alias, model.learner_via,
                  btwin._learner_condition(target, alias || '_'));
END
$learner_condition$;
COMMENT ON FUNCTION btwin._learner_condition(name, text) IS
'Internal: the condition under which a row of an adapter view belongs to learner $1.';

CREATE FUNCTION btwin.export_user(user_id text) RETURNS jsonb
LANGUAGE plpgsql STABLE COST 10000
SET search_path = pg_catalog, pg_temp
AS $export_user$
DECLARE
    attached    name := btwin.require_attached();
    part        record;
    found       jsonb;
    tables      jsonb := '{}';
    stored      jsonb := '{}';
BEGIN
    IF export_user.user_id IS NULL THEN
        RAISE EXCEPTION 'argument "user_id" must not be null' USING ERRCODE = 'null_value_not_allowed', HINT = 'Name the learner.';
    END IF;
    FOR part IN SELECT t.table_name, btwin._learner_condition(t.table_name) AS condition FROM btwin.domain_table t ORDER BY t.position LOOP
        CONTINUE WHEN part.condition IS NULL;
        EXECUTE format('SELECT jsonb_agg(to_jsonb(t) ORDER BY to_jsonb(t)::text) FROM btwin.%I t WHERE %s', part.table_name, part.condition)
        INTO found USING export_user.user_id;
        IF found IS NOT NULL THEN
            tables := tables || jsonb_build_object(part.table_name, found);
        END IF;
    END LOOP;
    FOR part IN SELECT n.name FROM unnest('{learner,user_day,user_month,user_total,user_mark,late_change,store_content}'::name[]) AS n (name) LOOP
        EXECUTE format('SELECT jsonb_agg(jsonb_strip_nulls(to_jsonb(t)) ORDER BY to_jsonb(t)::text) FROM btwin.%I t WHERE t.user_id = $1', part.name)
        INTO found USING export_user.user_id;
        IF found IS NOT NULL THEN
            stored := stored || jsonb_build_object(part.name, found);
        END IF;
    END LOOP;
    RETURN jsonb_build_object('user_id', export_user.user_id, 'schema', attached, 'tables', tables, 'btwin', stored);
END
$export_user$;
COMMENT ON FUNCTION btwin.export_user(text) IS
'Everything that is known of a learner, as one document: {user_id, schema, tables: {<table>: [rows]}, btwin: {<table>: [rows]}}. Tables are those of the data model, as their adapter views show them (tokens of calendars are shown by nothing), with rows that lead to the learner over a foreign key; tables without rows are left out, so that an unknown learner has two empty objects. Reads with the rights and policies of its caller. Errors: TW001 before attach, 22004 for NULL.';

CREATE FUNCTION btwin.forget_user(user_id text, application_tables boolean DEFAULT false)
RETURNS TABLE (object text, rows_removed bigint)
LANGUAGE plpgsql VOLATILE ROWS 60
SET search_path = pg_catalog, pg_temp
SET row_security = off
AS $forget_user$
#variable_conflict use_column
DECLARE
    attached    name := btwin.require_attached();
    part        record;
BEGIN
    IF forget_user.user_id IS NULL OR forget_user.application_tables IS NULL THEN
        RAISE EXCEPTION 'argument "%" must not be null', CASE WHEN forget_user.user_id IS NULL THEN 'user_id' ELSE 'application_tables' END
            USING ERRCODE = 'null_value_not_allowed', HINT = 'Name the learner; application_tables is true or false.';
    END IF;
    -- not beside a refresh, which may be writing what is removed here
    PERFORM pg_advisory_xact_lock(hashtextextended('btwin.refresh', 0));

    IF forget_user.application_tables THEN
        -- what leads to the learner over another table first, then that one
        FOR part IN
            SELECT t.table_name, btwin._learner_condition(t.table_name) AS condition,
                   (SELECT a.found_name FROM btwin._adoption(attached, t.table_name) a WHERE a.column_name = 'id') AS key_name
            FROM btwin.domain_table t ORDER BY t.position DESC
        LOOP
            CONTINUE WHEN part.condition IS NULL;
            object := format('%I.%I', attached, part.table_name);
            EXECUTE format('DELETE FROM %s d USING (SELECT t.id FROM btwin.%I t WHERE %s) AS q WHERE d.%I = q.id',
                           object, part.table_name, part.condition, part.key_name) USING forget_user.user_id;
            GET DIAGNOSTICS rows_removed = ROW_COUNT;
            IF rows_removed > 0 THEN
                RETURN NEXT;
            END IF;
        END LOOP;
    END IF;

    -- the store after the tables: their triggers have just noted the learner
    PERFORM btwin._write_pending_notes();
    FOR part IN SELECT n.name FROM unnest('{user_day,user_month,user_total,user_mark,late_change,store_content,learner}'::name[]) AS n (name) LOOP
        object := format('btwin.%I', part.name);
        EXECUTE format('DELETE FROM %s t WHERE t.user_id = $1', object) USING forget_user.user_id;
        GET DIAGNOSTICS rows_removed = ROW_COUNT;
        IF rows_removed > 0 THEN
            RETURN NEXT;
        END IF;
    END LOOP;
    object := 'btwin.refresh_run';
    UPDATE btwin.refresh_run r SET error = 'learner forgotten' WHERE strpos(r.error, forget_user.user_id) > 0;
    GET DIAGNOSTICS rows_removed = ROW_COUNT;
    IF rows_removed > 0 THEN
        RETURN NEXT;
    END IF;
END
$forget_user$;
COMMENT ON FUNCTION btwin.forget_user(text, boolean) IS
'Removes a learner from every table of btwin; one row for each table with rows removed (messages of refresh runs that name the learner are blanked). application_tables: also the learner''s rows in the tables of the application, users included, in the order their foreign keys need. Without that a learner who is still among the users and is analysed comes back with the next refresh: switch behavioral_analysis_enabled off, or remove the learner there. Waits for a running refresh. Errors: TW001 before attach, 22004 for NULL, 42501 where the caller would see less than all rows, 23503 where a table outside the data model still refers to the learner.';
