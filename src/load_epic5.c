/*
 * load_epic5.c
 *		The load rules of the reference, digit by digit, for comparison: Epic 5
 *		domain model 2.21 (load in session), 2.22 (load from study history) and
 *		2.23 (difficulty adapter).  Their faults are reproduced too; the default
 *		method is in load.c.
 *
 * A not-a-number of the reference, and all that follows from it, is NULL here.
 */
#include "postgres.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/float.h"

#include "btwin.h"
#include "check.h"
#include "num.h"
#include "result.h"

#define MS_PER_MINUTE 60000.0

static double
Mean(const double *values, int count)
{
	double		sum = 0.0;
	int			i;

	for (i = 0; i < count; i++)
		sum += values[i];
	return sum / count;
}

/* A list of numbers within bounds; NULL is an empty one. */
static double *
ListArgument(FunctionCallInfo fcinfo, int n, double low, double high,
			 const char *name, int *count)
{
	double	   *values;
	int			i;

	*count = 0;
	if (PG_ARGISNULL(n))
		return NULL;
	values = CheckFloatArray(PG_GETARG_ARRAYTYPE_P(n), name, count);
	for (i = 0; i < *count; i++)
		CheckRange(values[i], low, high, name);
	return values;
}

static double
NumberArgument(FunctionCallInfo fcinfo, int n, double low, double high,
			   const char *name)
{
	double		value;

	CheckNotNull(PG_ARGISNULL(n), name);
	value = PG_GETARG_FLOAT8(n);
	CheckRange(value, low, high, name);
	return value;
}

static int32
CountArgument(FunctionCallInfo fcinfo, int n, const char *name)
{
	int32		value;

	CheckNotNull(PG_ARGISNULL(n), name);
	value = PG_GETARG_INT32(n);
	CheckIntRange(value, 0, PG_INT32_MAX, name);
	return value;
}

static bool
FlagArgument(FunctionCallInfo fcinfo, int n, const char *name)
{
	CheckNotNull(PG_ARGISNULL(n), name);
	return PG_GETARG_BOOL(n);
}

/* "Value or default" of the reference: zero is missing too. */
static double
OrDefault(FunctionCallInfo fcinfo, int n, double otherwise)
{
	double		value = PG_ARGISNULL(n) ? 0.0 : PG_GETARG_FLOAT8(n);

	return value != 0.0 ? value : otherwise;
}

#define MAX_MINUTES 1440.0
#define MAX_HOURS 10000.0
#define MAX_MS 86400000.0

/*
 * 2.21 Cognitive load in session
 */

#define DEFAULT_LATENCY_MS 2000.0
#define DEFAULT_PERFORMANCE 0.7

#define WEIGHT_LATENCY 0.30
#define WEIGHT_ERROR 0.25
#define WEIGHT_ENGAGEMENT 0.20
#define WEIGHT_DECLINE 0.15
#define WEIGHT_DURATION 0.10

#define LATENCY_STEP_100 0.5
#define LATENCY_STEP_75 0.3
#define LATENCY_STEP_50 0.15
#define LATENCY_STEP_25 0.05

#define POINTS_PER_PAUSE 10.0
#define POINTS_PER_PAUSE_SHARE 50.0

#define DECLINE_FROM 0.2
#define DECLINE_SCORES 5

#define DURATION_LONG 60.0
#define DURATION_VERY_LONG 90.0
#define DURATION_LONG_SCORE 10.0
#define DURATION_VERY_LONG_SCORE 25.0

/* LOW, MEDIUM, HIGH above */
static const double latency_limits[] = {0.15, 0.3, 0.5};
static const double error_limits[] = {0.2, 0.3, 0.4};
static const double pause_limits[] = {0.2, 0.3, 0.4};
static const double decline_limits[] = {0.2, 0.3, 0.4};

#define LEVEL_MODERATE 40.0
#define LEVEL_HIGH 60.0
#define LEVEL_CRITICAL 80.0

#define RISK_MEDIUM 40.0
#define RISK_HIGH 60.0
#define OVERLOAD_ABOVE 80.0
#define OVERLOAD_INDICATORS 2

#define ADVICE_STOP_ABOVE 80.0
#define ADVICE_EASE_ABOVE 60.0
#define ADVICE_KEEP_ABOVE 40.0

#define CONFIDENCE_LATENCIES 5
#define CONFIDENCE_FEW_LATENCIES 0.7
#define CONFIDENCE_SCORES 5
#define CONFIDENCE_FEW_SCORES 0.8
#define CONFIDENCE_NO_ENGAGEMENT 0.9
#define CONFIDENCE_NO_BASELINE 0.6

typedef enum Severity
{
	SEVERITY_NONE,
	SEVERITY_LOW,
	SEVERITY_MEDIUM,
	SEVERITY_HIGH
} Severity;

static const char *const severity_names[] = {NULL, "LOW", "MEDIUM", "HIGH"};

enum
{
	FACTOR_LATENCY,
	FACTOR_ERROR,
	FACTOR_ENGAGEMENT,
	FACTOR_DECLINE,
	FACTOR_DURATION,
	FACTORS
};

static const char *const factor_names[FACTORS] = {
	"RESPONSE_LATENCY", "ERROR_RATE", "ENGAGEMENT_DROP",
	"PERFORMANCE_DECLINE", "DURATION_STRESS"
};

static const double factor_weights[FACTORS] = {
	WEIGHT_LATENCY, WEIGHT_ERROR, WEIGHT_ENGAGEMENT, WEIGHT_DECLINE, WEIGHT_DURATION
};

typedef struct SessionLoad
{
	double		scores[FACTORS];	/* NaN: not a number in the reference */
	double		values[FACTORS];
	Severity	severities[FACTORS];
	double		load;			/* NaN when a score is */
	int			high;			/* indicators of severity HIGH */
	double		confidence;
} SessionLoad;

static Severity
SeverityAbove(double value, const double *limits)
{
	return value > limits[2] ? SEVERITY_HIGH :
		value > limits[1] ? SEVERITY_MEDIUM :
		value > limits[0] ? SEVERITY_LOW : SEVERITY_NONE;
}

/* The eight arguments of the three functions below. */
static SessionLoad
SessionLoadFromArguments(FunctionCallInfo fcinfo)
{
	SessionLoad result;
	int			nlatencies;
	int			nscores;
	double	   *latencies = ListArgument(fcinfo, 0, 0.0, MAX_MS, "response_latencies_ms", &nlatencies);
	double		error_rate = NumberArgument(fcinfo, 1, 0.0, 1.0, "error_rate");
	double	   *scores = ListArgument(fcinfo, 2, 0.0, 1.0, "performance_scores", &nscores);
	double		minutes = NumberArgument(fcinfo, 3, 0.0, MAX_MINUTES, "session_minutes");
	bool		engagement = !PG_ARGISNULL(4) || !PG_ARGISNULL(5);
	bool		baseline = !PG_ARGISNULL(6) || !PG_ARGISNULL(7);
	double		pauses = PG_ARGISNULL(4) ? 0.0 : CountArgument(fcinfo, 4, "pause_count");
	double		pause_ms = PG_ARGISNULL(5) ? 0.0 :
		NumberArgument(fcinfo, 5, 0.0, MAX_MS, "pause_duration_ms");
	double		base_latency;
	double		base_performance;
	int			i;

	if (!PG_ARGISNULL(6))
		CheckRange(PG_GETARG_FLOAT8(6), 0.0, MAX_MS, "baseline_latency_ms");
	if (!PG_ARGISNULL(7))
		CheckRange(PG_GETARG_FLOAT8(7), 0.0, 1.0, "baseline_performance");
	base_latency = OrDefault(fcinfo, 6, DEFAULT_LATENCY_MS);
	base_performance = OrDefault(fcinfo, 7, DEFAULT_PERFORMANCE);
	memset(&result, 0, sizeof(result));

	if (nlatencies > 0)
	{
		double		mean = Mean(latencies, nlatencies);
		double		x = (mean - base_latency) / base_latency;

		result.scores[FACTOR_LATENCY] =
			x > LATENCY_STEP_100 ? 100.0 : x > LATENCY_STEP_75 ? 75.0 :
			x > LATENCY_STEP_50 ? 50.0 : x > LATENCY_STEP_25 ? 25.0 : 0.0;
		result.values[FACTOR_LATENCY] = mean;
		result.severities[FACTOR_LATENCY] = SeverityAbove(x, latency_limits);
	}

	result.scores[FACTOR_ERROR] = Min(100.0, 100.0 * error_rate);
	result.values[FACTOR_ERROR] = error_rate;
	result.severities[FACTOR_ERROR] = SeverityAbove(error_rate, error_limits);

	if (engagement && minutes > 0.0)
	{
		double		share = pause_ms / (MS_PER_MINUTE * minutes);

		result.scores[FACTOR_ENGAGEMENT] =
			Min(100.0, POINTS_PER_PAUSE * pauses + POINTS_PER_PAUSE_SHARE * share);
		result.values[FACTOR_ENGAGEMENT] = share;
		result.severities[FACTOR_ENGAGEMENT] = SeverityAbove(share, pause_limits);
	}
	else if (engagement)
		result.scores[FACTOR_ENGAGEMENT] = get_float8_nan();

	if (nscores >= DECLINE_SCORES)
	{
		double		d = (base_performance -
						 Mean(scores + nscores - DECLINE_SCORES, DECLINE_SCORES)) /
			base_performance;

		result.scores[FACTOR_DECLINE] = d >= DECLINE_FROM ? Min(100.0, 100.0 * d) : 0.0;
		result.values[FACTOR_DECLINE] = d;
		result.severities[FACTOR_DECLINE] = SeverityAbove(d, decline_limits);
	}

	result.scores[FACTOR_DURATION] =
		minutes > DURATION_VERY_LONG ? DURATION_VERY_LONG_SCORE :
		minutes > DURATION_LONG ? DURATION_LONG_SCORE : 0.0;
	result.values[FACTOR_DURATION] = minutes;
	result.severities[FACTOR_DURATION] =
		minutes > DURATION_VERY_LONG ? SEVERITY_HIGH :
		minutes > DURATION_LONG ? SEVERITY_MEDIUM : SEVERITY_NONE;

	for (i = 0; i < FACTORS; i++)
	{
		result.load += factor_weights[i] * result.scores[i];
		if (result.severities[i] == SEVERITY_HIGH)
			result.high++;
	}
	if (!isnan(result.load))
		result.load = num_clamp(result.load, 0.0, 100.0);

	result.confidence = 1.0;
	if (nlatencies < CONFIDENCE_LATENCIES)
		result.confidence *= CONFIDENCE_FEW_LATENCIES;
	if (nscores < CONFIDENCE_SCORES)
		result.confidence *= CONFIDENCE_FEW_SCORES;
	if (!engagement)
		result.confidence *= CONFIDENCE_NO_ENGAGEMENT;
	if (!baseline)
		result.confidence *= CONFIDENCE_NO_BASELINE;
	return result;
}

static const char *
LevelName(double load)
{
	return load < LEVEL_MODERATE ? "LOW" : load < LEVEL_HIGH ? "MODERATE" :
		load < LEVEL_CRITICAL ? "HIGH" : "CRITICAL";
}

/* Keys of the advice that goes with the load and its indicators. */
static ArrayType *
Recommendations(const SessionLoad *s)
{
	Datum		keys[8];
	int			count = 0;

#define ADVISE(key) (keys[count++] = CStringGetTextDatum(key))
	if (s->load > ADVICE_STOP_ABOVE)
	{
		ADVISE("break_10_minutes_now");
		ADVISE("review_only");
		ADVISE("consider_stopping");
	}
	else if (s->load > ADVICE_EASE_ABOVE)
	{
		ADVISE("one_level_easier");
		ADVISE("break_5_minutes_every_20");
		ADVISE("mix_80_review_20_new");
	}
	else if (s->load > ADVICE_KEEP_ABOVE)
	{
		ADVISE("keep_difficulty");
		ADVISE("minor_help");
		ADVISE("break_every_30_minutes");
	}
	if (s->severities[FACTOR_LATENCY] == SEVERITY_HIGH)
		ADVISE("slow_responses");
	if (s->severities[FACTOR_ERROR] == SEVERITY_HIGH)
		ADVISE("many_errors");
	if (s->severities[FACTOR_DURATION] != SEVERITY_NONE)
		ADVISE("break_15_minutes");
#undef ADVISE
	return construct_array(keys, count, TEXTOID, -1, false, TYPALIGN_INT);
}

PG_FUNCTION_INFO_V1(epic5_cognitive_load);

/* 2.21: load, level, overload, risk, confidence, advice */
PGDLLEXPORT Datum
epic5_cognitive_load(PG_FUNCTION_ARGS)
{
	SessionLoad s = SessionLoadFromArguments(fcinfo);
	bool		unknown = isnan(s.load);
	bool		overload = s.load > OVERLOAD_ABOVE || s.high >= OVERLOAD_INDICATORS;
	Datum		values[6] = {0};
	bool		nulls[6] = {false};

	nulls[0] = nulls[1] = unknown;
	/* two HIGH indicators decide without the load */
	nulls[2] = nulls[3] = unknown && !overload;
	nulls[5] = unknown;
	values[0] = Float8GetDatum(s.load);
	values[1] = CStringGetTextDatum(LevelName(s.load));
	values[2] = BoolGetDatum(overload);
	values[3] = CStringGetTextDatum(overload ? "CRITICAL" :
									s.load > RISK_HIGH || s.high >= 1 ? "HIGH" :
									s.load > RISK_MEDIUM ? "MEDIUM" : "LOW");
	values[4] = Float8GetDatum(s.confidence);
	values[5] = PointerGetDatum(Recommendations(&s));
	PG_RETURN_DATUM(RowDatum(fcinfo, values, nulls));
}

PG_FUNCTION_INFO_V1(epic5_cognitive_load_factors);

/* 2.21: the five factors */
PGDLLEXPORT Datum
epic5_cognitive_load_factors(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	SessionLoad s = SessionLoadFromArguments(fcinfo);
	int			i;

	InitMaterializedSRF(fcinfo, 0);
	for (i = 0; i < FACTORS; i++)
	{
		Datum		values[4];
		bool		nulls[4] = {false};

		values[0] = CStringGetTextDatum(factor_names[i]);
		nulls[1] = nulls[3] = isnan(s.scores[i]);
		values[1] = Float8GetDatum(s.scores[i]);
		values[2] = Float8GetDatum(factor_weights[i]);
		values[3] = Float8GetDatum(factor_weights[i] * s.scores[i]);
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
	return (Datum) 0;
}

PG_FUNCTION_INFO_V1(epic5_cognitive_load_indicators);

/* 2.21: the factors above their limits */
PGDLLEXPORT Datum
epic5_cognitive_load_indicators(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	SessionLoad s = SessionLoadFromArguments(fcinfo);
	int			i;

	InitMaterializedSRF(fcinfo, 0);
	for (i = 0; i < FACTORS; i++)
	{
		Datum		values[4];
		bool		nulls[4] = {false};

		if (s.severities[i] == SEVERITY_NONE)
			continue;
		values[0] = CStringGetTextDatum(factor_names[i]);
		values[1] = CStringGetTextDatum(severity_names[s.severities[i]]);
		values[2] = Float8GetDatum(s.values[i]);
		values[3] = Float8GetDatum(s.scores[i]);
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
	return (Datum) 0;
}

/*
 * 2.22 Load from study history: web modulator
 */

#define MODULATOR_WEIGHT_VOLUME 0.3
#define MODULATOR_WEIGHT_PERFORMANCE 0.3
#define MODULATOR_WEIGHT_COMPREHENSION 0.2
#define MODULATOR_WEIGHT_STRESS 0.2
#define MODULATOR_POINTS_PER_RATIO 50.0
#define MODULATOR_WEEKS 4.0
#define MODULATOR_SCORES 5
#define MODULATOR_DEFAULT_SCORE 50.0
#define MODULATOR_DEFAULT_VALIDATION 0.5
#define MODULATOR_STRESS_ABANDONED 50.0
#define MODULATOR_STRESS_PAUSES (50.0 * 0.2)
#define MODULATOR_MEDIUM_FROM 40.0
#define MODULATOR_HIGH_ABOVE 70.0
#define MODULATOR_REST_ABOVE 80.0
#define MODULATOR_DEFAULT_CONFIDENCE 0.5

PG_FUNCTION_INFO_V1(epic5_load_modulator);

/* 2.22: parts, load, level, modulation, recovery */
PGDLLEXPORT Datum
epic5_load_modulator(PG_FUNCTION_ARGS)
{
	double		recent = NumberArgument(fcinfo, 0, 0.0, MAX_HOURS, "recent_hours");
	double		weekly = NumberArgument(fcinfo, 1, 0.0, MAX_HOURS, "hours_28_days") / MODULATOR_WEEKS;
	int			nscores;
	int			nvalidations;
	double	   *scores = ListArgument(fcinfo, 2, 0.0, 100.0, "performance_scores", &nscores);
	double	   *validations = ListArgument(fcinfo, 3, 0.0, 1.0, "validation_scores", &nvalidations);
	int32		started = CountArgument(fcinfo, 4, "sessions_started");
	int32		abandoned = CountArgument(fcinfo, 5, "sessions_abandoned");
	int			first = Max(0, nscores - MODULATOR_SCORES);
	double		volume;
	double		performance = MODULATOR_DEFAULT_SCORE;
	double		comprehension;
	double		stress;
	double		load;
	Datum		values[12];
	bool		nulls[12] = {false};

	if (abandoned > started)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("\"sessions_abandoned\" must not exceed \"sessions_started\""),
				 errdetail("Found %d abandoned of %d started.", abandoned, started),
				 errhint("Count both over the same sessions.")));
	if (!PG_ARGISNULL(6))
		CheckRange(PG_GETARG_FLOAT8(6), 0.0, 1.0, "data_quality_score");

	volume = weekly > 0.0 ? Min(100.0, MODULATOR_POINTS_PER_RATIO * (recent / weekly)) : 0.0;
	if (nscores > 0)
	{
		double		sum = 0.0;
		int			i;

		/* a score of 0 is missing there, and counts the default */
		for (i = first; i < nscores; i++)
			sum += scores[i] != 0.0 ? scores[i] : MODULATOR_DEFAULT_SCORE;
		performance = sum / (nscores - first);
	}
	performance = 100.0 - performance;
	comprehension = (1.0 - (nvalidations > 0 ? Mean(validations, nvalidations) :
							MODULATOR_DEFAULT_VALIDATION)) * 100.0;
	stress = MODULATOR_STRESS_ABANDONED * (started > 0 ? (double) abandoned / started : 0.0) +
		MODULATOR_STRESS_PAUSES;
	load = MODULATOR_WEIGHT_VOLUME * volume +
		MODULATOR_WEIGHT_PERFORMANCE * performance +
		MODULATOR_WEIGHT_COMPREHENSION * comprehension +
		MODULATOR_WEIGHT_STRESS * stress;
	load = num_clamp(num_round_half_up(load), 0.0, 100.0);

	values[0] = Float8GetDatum(volume);
	values[1] = Float8GetDatum(performance);
	values[2] = Float8GetDatum(comprehension);
	values[3] = Float8GetDatum(stress);
	values[4] = Float8GetDatum(load);
	if (load < MODULATOR_MEDIUM_FROM)
	{
		values[5] = CStringGetTextDatum("LOW");
		values[6] = Float8GetDatum(1.2);
		values[7] = Int32GetDatum(0);
		values[8] = CStringGetTextDatum("HARDER");
	}
	else if (load <= MODULATOR_HIGH_ABOVE)
	{
		values[5] = CStringGetTextDatum("MEDIUM");
		values[6] = Float8GetDatum(1.0);
		values[7] = Int32GetDatum(0);
		values[8] = CStringGetTextDatum("SAME");
	}
	else
	{
		values[5] = CStringGetTextDatum("HIGH");
		values[6] = Float8GetDatum(0.6);
		values[7] = Int32GetDatum(2);
		values[8] = CStringGetTextDatum("EASIER");
	}
	values[9] = BoolGetDatum(load > MODULATOR_REST_ABOVE);
	nulls[10] = load <= MODULATOR_HIGH_ABOVE;
	values[10] = CStringGetTextDatum(load > MODULATOR_REST_ABOVE ?
									 "TWO_DAYS_OFF" : "LIGHT_REVIEW_TWO_DAYS");
	values[11] = Float8GetDatum(OrDefault(fcinfo, 6, MODULATOR_DEFAULT_CONFIDENCE));
	PG_RETURN_DATUM(RowDatum(fcinfo, values, nulls));
}

/*
 * 2.22 Load from study history: Python analyzer
 */

#define ANALYZER_BASELINE_HOURS 10.0
#define ANALYZER_BASELINE_MS 5000.0
#define ANALYZER_DEFAULT_SCORE 75.0
#define ANALYZER_LAST_SCORES 5
#define ANALYZER_TREND_SESSIONS 3

#define ANALYZER_WEIGHT_VOLUME 0.30
#define ANALYZER_WEIGHT_PERFORMANCE 0.25
#define ANALYZER_WEIGHT_BEHAVIOUR 0.25
#define ANALYZER_WEIGHT_VALIDATION 0.20
#define ANALYZER_VOLUME_FROM 0.7
#define ANALYZER_POINTS_ABANDONMENT 40.0
#define ANALYZER_POINTS_PAUSES 30.0
#define ANALYZER_PAUSES_AN_HOUR 15.0
#define ANALYZER_POINTS_LATENCY 60.0
#define ANALYZER_MEDIUM_FROM 30.0
#define ANALYZER_HIGH_FROM 70.0

#define ANALYZER_SESSIONS 10.0
#define ANALYZER_COMPLETION_SHARE 0.2
#define ANALYZER_RECENT_CAP 0.2
#define ANALYZER_RECENT_SESSIONS 5.0

PG_FUNCTION_INFO_V1(epic5_load_features);

/* 2.22: the analyzer's ten features */
PGDLLEXPORT Datum
epic5_load_features(PG_FUNCTION_ARGS)
{
	double		recent = NumberArgument(fcinfo, 0, 0.0, MAX_HOURS, "recent_hours");
	double		baseline = PG_ARGISNULL(1) ? ANALYZER_BASELINE_HOURS :
		NumberArgument(fcinfo, 1, 0.0, MAX_HOURS, "baseline_hours");
	int			ndays;
	int			nscores;
	int			nvalidations;
	int			nresponses;
	double	   *days = ListArgument(fcinfo, 2, -1e7, 1e7, "session_days", &ndays);
	double	   *scores = ListArgument(fcinfo, 3, 0.0, 100.0, "session_scores", &nscores);
	double	   *validations = ListArgument(fcinfo, 4, 0.0, 100.0, "validation_scores", &nvalidations);
	int32		started = CountArgument(fcinfo, 5, "sessions_started");
	int32		completed = CountArgument(fcinfo, 6, "sessions_completed");
	int32		pauses = CountArgument(fcinfo, 7, "pause_count");
	double	   *responses = ListArgument(fcinfo, 8, 0.0, MAX_MS, "response_latencies_ms", &nresponses);
	int32		consecutive = CountArgument(fcinfo, 9, "consecutive_study_days");
	double		trend = 0.0;
	int			last = Min(nscores, ANALYZER_LAST_SCORES);
	Datum		values[10];
	bool		nulls[10] = {false};

	CheckSameLength(ndays, "session_days", nscores, "session_scores");
	if (completed > started)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("\"sessions_completed\" must not exceed \"sessions_started\""),
				 errdetail("Found %d completed of %d started.", completed, started),
				 errhint("Count both over the same sessions.")));
	if (nscores >= ANALYZER_TREND_SESSIONS)
	{
		NumCoMoments line = {0};
		int			i;

		for (i = 0; i < nscores; i++)
			num_comoments_add(&line, days[i], scores[i], 1.0);
		trend = num_comoments_slope(&line);
	}

	nulls[0] = baseline == 0.0;
	values[0] = Float8GetDatum(nulls[0] ? 0.0 : recent / baseline);
	nulls[1] = nulls[9] = isnan(trend);
	values[1] = Float8GetDatum(trend);
	values[2] = Float8GetDatum(nscores > 0 ?
							   Mean(scores + nscores - last, last) : ANALYZER_DEFAULT_SCORE);
	values[3] = Float8GetDatum(nvalidations > 0 ?
							   Mean(validations, nvalidations) : ANALYZER_DEFAULT_SCORE);
	values[4] = Float8GetDatum(started > 0 ? (double) (started - completed) / started : 0.0);
	values[5] = Float8GetDatum(recent > 0.0 ? pauses / recent : 0.0);
	values[6] = Float8GetDatum(nresponses > 0 ?
							   Mean(responses, nresponses) / ANALYZER_BASELINE_MS : 1.0);
	values[7] = Int32GetDatum(consecutive);
	values[8] = Float8GetDatum(started > 0 ? (double) completed / started : 0.0);
	values[9] = Float8GetDatum(trend == 0.0 ? 0.0 : -trend);
	PG_RETURN_DATUM(RowDatum(fcinfo, values, nulls));
}

PG_FUNCTION_INFO_V1(epic5_load_analyzer);

/* 2.22: load, level and confidence of the features; strict */
PGDLLEXPORT Datum
epic5_load_analyzer(PG_FUNCTION_ARGS)
{
	double		ratio = NumberArgument(fcinfo, 0, 0.0, MAX_HOURS, "study_volume_ratio");
	double		performance = NumberArgument(fcinfo, 1, 0.0, 100.0, "avg_performance_last_5");
	double		validation = NumberArgument(fcinfo, 2, 0.0, 100.0, "validation_score_avg");
	double		abandonment = NumberArgument(fcinfo, 3, 0.0, 1.0, "session_abandonment_rate");
	double		pauses = NumberArgument(fcinfo, 4, 0.0, MAX_HOURS, "pause_frequency");
	double		latency = NumberArgument(fcinfo, 5, 0.0, MAX_HOURS, "avg_response_time_ratio");
	double		completion = NumberArgument(fcinfo, 6, 0.0, 1.0, "session_completion_rate");
	int32		sessions = CountArgument(fcinfo, 7, "session_count");
	int32		recent = CountArgument(fcinfo, 8, "session_count_3_days");
	double		load;
	double		confidence;
	Datum		values[3];
	bool		nulls[3] = {false};

	load = ANALYZER_WEIGHT_VOLUME * num_clamp((ratio - ANALYZER_VOLUME_FROM) * 100.0, 0.0, 100.0) +
		ANALYZER_WEIGHT_PERFORMANCE * (100.0 - performance) +
		ANALYZER_WEIGHT_BEHAVIOUR *
		num_clamp(ANALYZER_POINTS_ABANDONMENT * abandonment +
				  ANALYZER_POINTS_PAUSES * pauses / ANALYZER_PAUSES_AN_HOUR +
				  ANALYZER_POINTS_LATENCY * (latency - 1.0), 0.0, 100.0) +
		ANALYZER_WEIGHT_VALIDATION * (100.0 - validation);
	confidence = num_clamp(Min(1.0, sessions / ANALYZER_SESSIONS) +
						   ANALYZER_COMPLETION_SHARE * completion +
						   Min(ANALYZER_RECENT_CAP, recent / ANALYZER_RECENT_SESSIONS),
						   0.0, 1.0);
	values[0] = Float8GetDatum(load);
	values[1] = CStringGetTextDatum(load < ANALYZER_MEDIUM_FROM ? "LOW" :
									load < ANALYZER_HIGH_FROM ? "MEDIUM" : "HIGH");
	values[2] = Float8GetDatum(confidence);
	PG_RETURN_DATUM(RowDatum(fcinfo, values, nulls));
}

#define ANALYZER_TOP_FACTORS 5

/* "high" is never set where the reference knows no HIGH. */
typedef struct AnalyzerFactor
{
	const char *name;
	double		value;
	bool		present;
	bool		high;
	double		impact;
} AnalyzerFactor;

PG_FUNCTION_INFO_V1(epic5_load_analyzer_factors);

/* 2.22: the analyzer's factors, the five of largest impact; strict */
PGDLLEXPORT Datum
epic5_load_analyzer_factors(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	double		ratio = NumberArgument(fcinfo, 0, 0.0, MAX_HOURS, "study_volume_ratio");
	double		performance = NumberArgument(fcinfo, 1, 0.0, 100.0, "avg_performance_last_5");
	double		validation = NumberArgument(fcinfo, 2, 0.0, 100.0, "validation_score_avg");
	double		abandonment = NumberArgument(fcinfo, 3, 0.0, 1.0, "session_abandonment_rate");
	double		pauses = NumberArgument(fcinfo, 4, 0.0, MAX_HOURS, "pause_frequency");
	double		latency = NumberArgument(fcinfo, 5, 0.0, MAX_HOURS, "avg_response_time_ratio");
	int32		consecutive = CountArgument(fcinfo, 6, "consecutive_study_days");
	AnalyzerFactor factors[] = {
		{"study_volume_ratio", ratio, ratio > 1.2, ratio > 1.5,
		ANALYZER_WEIGHT_VOLUME * num_clamp((ratio - ANALYZER_VOLUME_FROM) * 100.0, 0.0, 100.0)},
		{"avg_performance_last_5", performance, performance < 70.0, performance < 60.0,
		ANALYZER_WEIGHT_PERFORMANCE * (100.0 - performance)},
		{"session_abandonment_rate", abandonment, abandonment > 0.25, abandonment > 0.4,
		ANALYZER_WEIGHT_BEHAVIOUR * ANALYZER_POINTS_ABANDONMENT * abandonment},
		{"pause_frequency", pauses, pauses > 10.0, false,
		ANALYZER_WEIGHT_BEHAVIOUR * ANALYZER_POINTS_PAUSES * pauses / ANALYZER_PAUSES_AN_HOUR},
		{"avg_response_time_ratio", latency, latency > 1.5, false,
		ANALYZER_WEIGHT_BEHAVIOUR * ANALYZER_POINTS_LATENCY * (latency - 1.0)},
		{"consecutive_study_days", consecutive, consecutive >= 7, consecutive > 10, 0.0},
		{"validation_score_avg", validation, validation < 60.0, validation < 50.0,
		ANALYZER_WEIGHT_VALIDATION * (100.0 - validation)},
	};
	int			listed;

	InitMaterializedSRF(fcinfo, 0);
	for (listed = 0; listed < ANALYZER_TOP_FACTORS; listed++)
	{
		Datum		values[4];
		bool		nulls[4] = {false};
		int			next = -1;
		int			i;

		for (i = 0; i < (int) lengthof(factors); i++)
			if (factors[i].present &&
				(next < 0 || factors[i].impact > factors[next].impact))
				next = i;
		if (next < 0)
			break;
		factors[next].present = false;
		values[0] = CStringGetTextDatum(factors[next].name);
		values[1] = CStringGetTextDatum(factors[next].high ? "HIGH" : "MEDIUM");
		values[2] = Float8GetDatum(factors[next].value);
		values[3] = Float8GetDatum(factors[next].impact);
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
	return (Datum) 0;
}

#define FLAG_DAYS 5
#define FLAG_DAY_ABOVE 60.0
#define FLAG_LOAD_ABOVE 70.0
#define FLAG_HIGH_FACTORS 2

PG_FUNCTION_INFO_V1(epic5_load_burnout_flag);

/* 2.22: the analyzer's burnout flag; NULL when none is raised */
PGDLLEXPORT Datum
epic5_load_burnout_flag(PG_FUNCTION_ARGS)
{
	int			ndays;
	double	   *days = ListArgument(fcinfo, 0, 0.0, 100.0, "daily_loads", &ndays);
	double		load = NumberArgument(fcinfo, 1, 0.0, 100.0, "load_score");
	int32		high = CountArgument(fcinfo, 2, "high_factors");
	bool		rested = FlagArgument(fcinfo, 3, "rested");
	bool		performance = FlagArgument(fcinfo, 4, "performance_factor");
	bool		chronic = ndays >= FLAG_DAYS;
	int			i;

	for (i = Max(0, ndays - FLAG_DAYS); i < ndays; i++)
		chronic = chronic && days[i] > FLAG_DAY_ABOVE;
	if (chronic && high >= FLAG_HIGH_FACTORS)
		PG_RETURN_DATUM(CStringGetTextDatum("CRITICAL"));
	if (chronic || (load > FLAG_LOAD_ABOVE && !rested))
		PG_RETURN_DATUM(CStringGetTextDatum("HIGH"));
	if (load > FLAG_LOAD_ABOVE && performance)
		PG_RETURN_DATUM(CStringGetTextDatum("MEDIUM"));
	PG_RETURN_NULL();
}

/*
 * 2.23 Difficulty adapter
 */

#define ADAPTER_EMERGENCY_ABOVE 80.0
#define ADAPTER_REDUCE_ABOVE 60.0
#define ADAPTER_MAINTAIN_FROM 40.0
#define ADAPTER_HARDER_BELOW 30.0
#define ADAPTER_ERROR_ABOVE 0.3

PG_FUNCTION_INFO_V1(epic5_difficulty_adapter);

/* 2.23: what to change at a load */
PGDLLEXPORT Datum
epic5_difficulty_adapter(PG_FUNCTION_ARGS)
{
	double		load = NumberArgument(fcinfo, 0, 0.0, 100.0, "load_score");
	double		error_rate = NumberArgument(fcinfo, 1, 0.0, 1.0, "error_rate");
	const char *action;
	const char *urgency;
	const char *complexity;
	const char *scaffolding;
	int			difficulty;
	double		review;
	double		prompt_complexity;
	double		prompt_factor = 1.0;
	int			break_minutes = 0;
	int			break_every = 0;
	Datum		values[11];
	bool		nulls[11] = {false};

	if (load > ADAPTER_EMERGENCY_ABOVE)
	{
		action = "EMERGENCY";
		difficulty = -2;
		review = 1.0;
		urgency = "CRITICAL";
		complexity = "BASIC";
		scaffolding = "EXTENSIVE";
		prompt_complexity = 0.3;
		break_minutes = 10;
	}
	else if (load > ADAPTER_REDUCE_ABOVE)
	{
		action = "REDUCE";
		difficulty = -1;
		review = 0.8;
		urgency = "HIGH";
		complexity = "INTERMEDIATE";
		scaffolding = "MODERATE";
		prompt_complexity = 0.6;
		prompt_factor = 0.5;
		break_every = 20;
	}
	else if (load >= ADAPTER_MAINTAIN_FROM)
	{
		action = "MAINTAIN";
		difficulty = 0;
		review = 0.6;
		urgency = "MEDIUM";
		complexity = "INTERMEDIATE";
		scaffolding = "MINIMAL";
		prompt_complexity = 0.8;
		break_every = 30;
	}
	else
	{
		action = "INCREASE";
		difficulty = load < ADAPTER_HARDER_BELOW ? 1 : 0;
		review = 0.5;
		urgency = "LOW";
		complexity = "ADVANCED";
		scaffolding = "NONE";
		prompt_complexity = 1.0;
	}
	if (error_rate > ADAPTER_ERROR_ABOVE)
	{
		complexity = strcmp(complexity, "ADVANCED") == 0 ? "INTERMEDIATE" : "BASIC";
		scaffolding = strcmp(scaffolding, "NONE") == 0 ? "MINIMAL" : "MODERATE";
	}
	values[0] = CStringGetTextDatum(action);
	values[1] = Int32GetDatum(difficulty);
	values[2] = Float8GetDatum(review);
	values[3] = CStringGetTextDatum(urgency);
	values[4] = CStringGetTextDatum(complexity);
	values[5] = CStringGetTextDatum(scaffolding);
	values[6] = Float8GetDatum(prompt_complexity);
	values[7] = Float8GetDatum(prompt_factor);
	nulls[8] = break_minutes == 0;
	values[8] = Int32GetDatum(break_minutes);
	nulls[9] = break_every == 0;
	values[9] = Int32GetDatum(break_every);
	values[10] = BoolGetDatum(load > ADAPTER_EMERGENCY_ABOVE);
	PG_RETURN_DATUM(RowDatum(fcinfo, values, nulls));
}

typedef struct Challenge
{
	const char *level;
	int			complexity;
	double		new_share;
	const char *intensity;
	int			minutes;
	int			break_after;
} Challenge;

PG_FUNCTION_INFO_V1(epic5_optimal_challenge);

/* 2.23: the challenge that suits a load, first match */
PGDLLEXPORT Datum
epic5_optimal_challenge(PG_FUNCTION_ARGS)
{
	static const Challenge easy = {"EASY", 2, 0.0, "LOW", 20, 15};
	static const Challenge gentle = {"MODERATE", 4, 0.2, "LOW", 30, 20};
	static const Challenge zone = {"MODERATE", 6, 0.5, "MEDIUM", 45, 30};
	static const Challenge hard = {"CHALLENGING", 8, 0.6, "HIGH", 60, 30};
	static const Challenge moderate = {"MODERATE", 5, 0.5, "MEDIUM", 45, 25};
	double		load = NumberArgument(fcinfo, 0, 0.0, 100.0, "load_score");
	double		tolerance = NumberArgument(fcinfo, 1, 0.0, 100.0, "load_tolerance");
	bool		increasing = FlagArgument(fcinfo, 2, "increasing");
	bool		in_zone = FlagArgument(fcinfo, 3, "in_optimal_zone");
	const Challenge *c;
	Datum		values[6];
	bool		nulls[6] = {false};

	if (load > tolerance || load > 80.0)
		c = &easy;
	else if (load > 60.0 || (increasing && load > 50.0))
		c = &gentle;
	else if (in_zone)
		c = &zone;
	else if (load < 30.0)
		c = &hard;
	else
		c = &moderate;
	values[0] = CStringGetTextDatum(c->level);
	values[1] = Int32GetDatum(c->complexity);
	values[2] = Float8GetDatum(c->new_share);
	values[3] = CStringGetTextDatum(c->intensity);
	values[4] = Int32GetDatum(c->minutes);
	values[5] = Int32GetDatum(c->break_after);
	PG_RETURN_DATUM(RowDatum(fcinfo, values, nulls));
}
