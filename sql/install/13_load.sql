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
