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
