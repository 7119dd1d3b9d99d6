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
