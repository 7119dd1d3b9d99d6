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
