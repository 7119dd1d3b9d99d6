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
