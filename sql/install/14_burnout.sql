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
