/*
 * burnout_epic5.c
 *		The reference's burnout rules, digit by digit and faults included, for
 *		comparison with the burnout family (Epic 5 domain model, 2.20 and the
 *		burnout flag of 2.22).
 *
 * Functions over the rows that a rule reads, as arrays in ascending order of
 * time.  What is not a number in the reference is NULL here and scores what it
 * scores there.
 */
#include "postgres.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/timestamp.h"

#include "check.h"
#include "result.h"

#define FACTORS 6
#define WINDOW_DAYS 14

#define MAX_MINUTES 1500.0		/* of one session: a day may have 25 hours */

typedef enum FactorKind
{
	INTENSITY,
	DECLINE,
	CHRONIC_LOAD,
	IRREGULARITY,
	ENGAGEMENT,
	RECOVERY
} FactorKind;

static const char *const factor_names[FACTORS] = {
	"Study Intensity", "Performance Decline", "Chronic Cognitive Load",
	"Schedule Irregularity", "Engagement Decay", "Recovery Deficit"
};

static const double factor_weights[FACTORS] = {0.20, 0.25, 0.25, 0.15, 0.10, 0.05};
static const double factor_percentages[FACTORS] = {20, 25, 25, 15, 10, 5};

/* Above these a factor scores 100, 75, 50, 25. */
typedef struct Steps
{
	double		above[4];
} Steps;

static const double step_scores[4] = {100, 75, 50, 25};

/* "otherwise" scores 25 as soon as there is a session */
static const Steps intensity_steps = {{40, 30, 20, -1}};
static const Steps decline_steps = {{0.35, 0.25, 0.15, 0.05}};
static const Steps load_steps = {{0.5, 0.35, 0.2, 0.1}};
static const Steps irregularity_steps = {{0.3, 0.2, 0.1, 0.05}};
static const Steps engagement_steps = {{0.4, 0.3, 0.2, 0.1}};

/* 0, 1, 2 rows of low load among the last seven */
static const double recovery_scores[3] = {100, 50, 25};

#define DECLINE_MIN_ROWS 7
#define IRREGULARITY_MIN_MISSIONS 7
#define RECOVERY_ROWS 7
#define HIGH_LOAD 60.0
#define LOW_LOAD 40.0

static const char *const level_names[] = {"LOW", "MEDIUM", "HIGH", "CRITICAL", NULL};
static const double level_cuts[3] = {25, 50, 75};

typedef enum MissionStatus
{
	PENDING,
	IN_PROGRESS,
	COMPLETED,
	SKIPPED
} MissionStatus;

/* in the order of MissionStatus */
static const char *const status_names[] = {
	"PENDING", "IN_PROGRESS", "COMPLETED", "SKIPPED", NULL
};

static double
StepScore(const Steps *steps, double value)
{
	int			i;

	for (i = 0; i < 4; i++)
		if (value > steps->above[i])
			return step_scores[i];
	return 0;
}

static const char *
LevelName(double score)
{
	int			level = 0;

	while (level < 3 && score >= level_cuts[level])
		level++;
	return level_names[level];
}

static double
Mean(const double *values, int count)
{
	double		sum = 0;
	int			i;

	for (i = 0; i < count; i++)
		sum += values[i];
	return sum / count;
}

/*
 * Arguments
 */

static double *
RangeArray(FunctionCallInfo fcinfo, int argument, double low, double high,
		   const char *name, int *count)
{
	double	   *values;
	int			i;

	CheckNotNull(PG_ARGISNULL(argument), name);
	values = CheckFloatArray(PG_GETARG_ARRAYTYPE_P(argument), name, count);
	for (i = 0; i < *count; i++)
		CheckRange(values[i], low, high, name);
	return values;
}

static MissionStatus *
StatusArray(FunctionCallInfo fcinfo, int argument, const char *name, int *count)
{
	char	  **names;
	MissionStatus *statuses;
	int			i;

	CheckNotNull(PG_ARGISNULL(argument), name);
	names = CheckTextArray(PG_GETARG_ARRAYTYPE_P(argument), name, count);
	statuses = palloc(sizeof(MissionStatus) * Max(*count, 1));
	for (i = 0; i < *count; i++)
		statuses[i] = (MissionStatus) CheckChoice(names[i], status_names, name);
	return statuses;
}

/* One-dimensional, elements of a type passed by value; NULLs where allowed. */
static Datum *
PlainArray(FunctionCallInfo fcinfo, int argument, const char *name,
		   bool **nulls, int *count)
{
	ArrayType  *array;
	Datum	   *values;
	int16		length;
	bool		by_value;
	char		align;
	int			i;
	bool	   *is_null;

	CheckNotNull(PG_ARGISNULL(argument), name);
	array = PG_GETARG_ARRAYTYPE_P(argument);
	if (ARR_NDIM(array) > 1)
		ereport(ERROR,
				(errcode(ERRCODE_ARRAY_SUBSCRIPT_ERROR),
				 errmsg("\"%s\" must be a one-dimensional array", name),
				 errdetail("Found %d dimensions.", ARR_NDIM(array)),
				 errhint("Pass a plain list of values.")));
	length = ARR_ELEMTYPE(array) == TIMESTAMPTZOID ? 8 : 4;
	by_value = length == 4 || FLOAT8PASSBYVAL;
	align = length == 4 ? TYPALIGN_INT : TYPALIGN_DOUBLE;
	deconstruct_array(array, ARR_ELEMTYPE(array), length, by_value, align,
					  &values, &is_null, count);
	if (nulls != NULL)
		*nulls = is_null;
	else
		for (i = 0; i < *count; i++)
			if (is_null[i])
				ereport(ERROR,
						(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
						 errmsg("\"%s\" must not contain nulls", name),
						 errhint("Use array_remove(%s, NULL).", name)));
	return values;
}

static Datum *
TimeArray(FunctionCallInfo fcinfo, int argument, const char *name,
		  int needed, const char *needed_name)
{
	int			count;
	Datum	   *values = PlainArray(fcinfo, argument, name, NULL, &count);
	int			i;

	CheckSameLength(count, name, needed, needed_name);
	for (i = 0; i < count; i++)
		if (TIMESTAMP_NOT_FINITE(DatumGetTimestampTz(values[i])))
			ereport(ERROR,
					(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
					 errmsg("\"%s\" must contain finite times", name),
					 errdetail("Element %d is infinite.", i + 1),
					 errhint("Leave such rows out.")));
	return values;
}

/*
 * Factors
 */

typedef struct Factor
{
	bool		known;			/* is "value" a number? */
	double		value;
	double		score;
} Factor;

typedef struct Assessment
{
	Factor		factors[FACTORS];
	double		score;
	double		confidence;
} Assessment;

static double
Confidence(int sessions, int load_rows)
{
	double		confidence = 1;

	if (sessions < 10)
		confidence *= 0.7;
	if (sessions < 5)
		confidence *= 0.5;
	if (load_rows < 20)
		confidence *= 0.8;
	if (load_rows < 10)
		confidence *= 0.6;
	return confidence;
}

static int
CompareInt32(const void *a, const void *b)
{
	int32		left = *(const int32 *) a;
	int32		right = *(const int32 *) b;

	return left < right ? -1 : left > right;
}

static int
CountDistinct(const Datum *days, int count)
{
	int32	   *sorted = palloc(sizeof(int32) * Max(count, 1));
	int			distinct = 0;
	int			i;

	for (i = 0; i < count; i++)
		sorted[i] = DatumGetDateADT(days[i]);
	qsort(sorted, count, sizeof(int32), CompareInt32);
	for (i = 0; i < count; i++)
		if (i == 0 || sorted[i] != sorted[i - 1])
			distinct++;
	pfree(sorted);
	return distinct;
}

/* (a - b) / a where that is a number */
static bool
RelativeDecline(double a, double b, double *decline)
{
	if (a == 0)
		return false;
	*decline = (a - b) / a;
	return true;
}

static void
SetFactor(Assessment *assessment, FactorKind kind, double value, double score)
{
	assessment->factors[kind].known = true;
	assessment->factors[kind].value = value;
	assessment->factors[kind].score = score;
}

/*
 * Arguments: session_minutes, retention, loads, load_days, mission_statuses,
 * difficulty_ratings.
 */
static Assessment
Assess(FunctionCallInfo fcinfo)
{
	Assessment	a;
	int			sessions;
	int			rows;
	int			loads;
	int			days;
	int			missions;
	int			ratings;
	double	   *minutes = RangeArray(fcinfo, 0, 0, MAX_MINUTES, "session_minutes", &sessions);
	double	   *retention = RangeArray(fcinfo, 1, 0, 1, "retention", &rows);
	double	   *load = RangeArray(fcinfo, 2, 0, 100, "loads", &loads);
	Datum	   *load_days = PlainArray(fcinfo, 3, "load_days", NULL, &days);
	MissionStatus *statuses = StatusArray(fcinfo, 4, "mission_statuses", &missions);
	bool	   *unrated;
	Datum	   *rating = PlainArray(fcinfo, 5, "difficulty_ratings", &unrated, &ratings);
	int			skipped = 0;
	int			low_ratings = 0;
	int			count = 0;
	double		value;
	int			i;

	memset(&a, 0, sizeof(a));
	CheckSameLength(days, "load_days", loads, "loads");
	CheckSameLength(ratings, "difficulty_ratings", missions, "mission_statuses");

	if (sessions > 0)
	{
		value = 0;
		for (i = 0; i < sessions; i++)
			value += minutes[i];
		value = value / 60 / 2;
		SetFactor(&a, INTENSITY, value, StepScore(&intensity_steps, value));
	}

	if (rows >= DECLINE_MIN_ROWS &&
		RelativeDecline(Mean(retention, rows / 2),
						Mean(retention + rows / 2, rows - rows / 2), &value))
		SetFactor(&a, DECLINE, value, StepScore(&decline_steps, value));

	if (loads > 0)
	{
		for (i = 0; i < loads; i++)
			if (load[i] > HIGH_LOAD)
				count++;
		value = (double) count / CountDistinct(load_days, loads);
		SetFactor(&a, CHRONIC_LOAD, value, StepScore(&load_steps, value));
	}

	for (i = 0; i < missions; i++)
	{
		if (statuses[i] == SKIPPED)
			skipped++;
		if (!unrated[i])
		{
			CheckIntRange(DatumGetInt32(rating[i]), 1, 5, "difficulty_ratings");
			if (DatumGetInt32(rating[i]) <= 2)
				low_ratings++;
		}
	}
	if (missions >= IRREGULARITY_MIN_MISSIONS)
	{
		value = (double) skipped / WINDOW_DAYS;
		SetFactor(&a, IRREGULARITY, value, StepScore(&irregularity_steps, value));
	}
	if (missions > 0)
	{
		value = (double) (skipped + low_ratings) / missions;
		SetFactor(&a, ENGAGEMENT, value, StepScore(&engagement_steps, value));
	}

	if (loads > 0)
	{
		count = 0;
		for (i = Max(0, loads - RECOVERY_ROWS); i < loads; i++)
			if (load[i] < LOW_LOAD)
				count++;
		SetFactor(&a, RECOVERY, count, count < 3 ? recovery_scores[count] : 0);
	}

	for (i = 0; i < FACTORS; i++)
		a.score += factor_weights[i] * a.factors[i].score;
	a.score = Max(0.0, Min(100.0, a.score));
	a.confidence = Confidence(sessions, loads);
	return a;
}

PG_FUNCTION_INFO_V1(epic5_burnout);

/* score, level, confidence */
PGDLLEXPORT Datum
epic5_burnout(PG_FUNCTION_ARGS)
{
	Assessment	a = Assess(fcinfo);
	Datum		values[3];
	bool		nulls[3] = {false};

	values[0] = Float8GetDatum(a.score);
	values[1] = CStringGetTextDatum(LevelName(a.score));
	values[2] = Float8GetDatum(a.confidence);
	PG_RETURN_DATUM(RowDatum(fcinfo, values, nulls));
}

PG_FUNCTION_INFO_V1(epic5_burnout_factors);

/* one row per factor */
PGDLLEXPORT Datum
epic5_burnout_factors(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	Assessment	a = Assess(fcinfo);
	int			i;

	InitMaterializedSRF(fcinfo, 0);
	for (i = 0; i < FACTORS; i++)
	{
		const Factor *f = &a.factors[i];
		Datum		values[7];
		bool		nulls[7] = {false};

		values[0] = CStringGetTextDatum(factor_names[i]);
		nulls[1] = !f->known;
		values[1] = Float8GetDatum(f->value);
		values[2] = Float8GetDatum(f->score);
		values[3] = Float8GetDatum(factor_weights[i]);
		values[4] = Float8GetDatum(factor_percentages[i]);
		values[5] = Float8GetDatum(factor_weights[i] * f->score);
		values[6] = CStringGetTextDatum(LevelName(f->score));
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
	return (Datum) 0;
}

PG_FUNCTION_INFO_V1(epic5_burnout_level);

/* level of a score or of a factor's score */
PGDLLEXPORT Datum
epic5_burnout_level(PG_FUNCTION_ARGS)
{
	double		score = PG_GETARG_FLOAT8(0);

	CheckRange(score, 0, 100, "score");
	PG_RETURN_TEXT_P(cstring_to_text(LevelName(score)));
}

PG_FUNCTION_INFO_V1(epic5_burnout_confidence);

/* confidence of an assessment */
PGDLLEXPORT Datum
epic5_burnout_confidence(PG_FUNCTION_ARGS)
{
	int32		sessions = PG_GETARG_INT32(0);
	int32		load_rows = PG_GETARG_INT32(1);

	CheckIntRange(sessions, 0, PG_INT32_MAX, "sessions");
	CheckIntRange(load_rows, 0, PG_INT32_MAX, "load_rows");
	PG_RETURN_FLOAT8(Confidence(sessions, load_rows));
}

/*
 * Signals
 */

#define OVERLOAD_ROWS 7
#define OVERLOAD_HIGH_ROWS 10
#define DROP_ROWS 7
#define DROP_MEDIUM 0.2
#define DROP_HIGH 0.35
#define LOSS_MEDIUM 3
#define LOSS_HIGH 5
#define MISSED_MEDIUM 3
#define MISSED_HIGH 5
#define RECENT_DAYS 7

static void
PutSignal(ReturnSetInfo *rsinfo, const char *type, bool high, double value,
		  TimestampTz first)
{
	Datum		values[4];
	bool		nulls[4] = {false};

	values[0] = CStringGetTextDatum(type);
	values[1] = CStringGetTextDatum(high ? "HIGH" : "MEDIUM");
	values[2] = Float8GetDatum(value);
	values[3] = TimestampTzGetDatum(first);
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
}

PG_FUNCTION_INFO_V1(epic5_burnout_signals);

/*
 * Arguments: loads, load_at, retention, retention_at, mission_statuses,
 * mission_at, as_of.
 */
PGDLLEXPORT Datum
epic5_burnout_signals(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	int			loads;
	int			rows;
	int			missions;
	double	   *load = RangeArray(fcinfo, 0, 0, 100, "loads", &loads);
	Datum	   *load_at = TimeArray(fcinfo, 1, "load_at", loads, "loads");
	double	   *retention = RangeArray(fcinfo, 2, 0, 1, "retention", &rows);
	Datum	   *retention_at = TimeArray(fcinfo, 3, "retention_at", rows, "retention");
	MissionStatus *statuses = StatusArray(fcinfo, 4, "mission_statuses", &missions);
	Datum	   *mission_at = TimeArray(fcinfo, 5, "mission_at", missions, "mission_statuses");
	TimestampTz as_of;
	TimestampTz recent;
	double		value;
	int			count = 0;
	int			lost = 0;
	int			attended = 0;
	int			first = -1;
	int			i;

	CheckNotNull(PG_ARGISNULL(6), "as_of");
	as_of = PG_GETARG_TIMESTAMPTZ(6);
	if (TIMESTAMP_NOT_FINITE(as_of))
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("\"as_of\" must be a finite time"),
				 errdetail("Found %s.", as_of < 0 ? "-infinity" : "infinity"),
				 errhint("Pass the moment of the assessment.")));
	InitMaterializedSRF(fcinfo, 0);

	for (i = 0; i < loads; i++)
		if (load[i] > HIGH_LOAD)
		{
			if (first < 0)
				first = i;
			count++;
		}
	if (count >= OVERLOAD_ROWS && Mean(load, loads) > HIGH_LOAD)
		PutSignal(rsinfo, "CHRONIC_OVERLOAD", count >= OVERLOAD_HIGH_ROWS, count,
				  DatumGetTimestampTz(load_at[first]));

	if (rows >= DROP_ROWS &&
		RelativeDecline(Mean(retention, DROP_ROWS),
						Mean(retention + rows - DROP_ROWS, DROP_ROWS), &value) &&
		value > DROP_MEDIUM)
		PutSignal(rsinfo, "PERFORMANCE_DROP", value > DROP_HIGH, value,
				  DatumGetTimestampTz(retention_at[rows - DROP_ROWS]));

	first = -1;
	for (i = 0; i < missions; i++)
	{
		if (statuses[i] == SKIPPED && first < 0)
			first = i;
		if (statuses[i] == SKIPPED || statuses[i] == IN_PROGRESS)
			lost++;
		if (statuses[i] != SKIPPED)
			attended++;
	}
	if (lost >= LOSS_MEDIUM)
		PutSignal(rsinfo, "ENGAGEMENT_LOSS", lost >= LOSS_HIGH, lost,
				  first < 0 ? as_of : DatumGetTimestampTz(mission_at[first]));
	if (WINDOW_DAYS - attended > MISSED_MEDIUM)
		PutSignal(rsinfo, "IRREGULAR_PATTERN", WINDOW_DAYS - attended > MISSED_HIGH,
				  WINDOW_DAYS - attended, as_of - WINDOW_DAYS * USECS_PER_DAY);

	recent = as_of - RECENT_DAYS * USECS_PER_DAY;
	first = -1;
	count = 0;
	for (i = 0; i < loads; i++)
		if (DatumGetTimestampTz(load_at[i]) >= recent)
		{
			if (load[i] < LOW_LOAD)
				break;
			if (first < 0)
				first = i;
			count++;
		}
	if (i == loads && count > 0)
		PutSignal(rsinfo, "NO_RECOVERY", true, count, DatumGetTimestampTz(load_at[first]));
	return (Datum) 0;
}

/*
 * Plan, recovery, story, flag
 */

static const char *const plan_types[] = {
	"CONTENT_SIMPLIFICATION", "SCHEDULE_ADJUSTMENT", "WORKLOAD_REDUCTION", "MANDATORY_REST"
};
static const int plan_days[] = {2, 3, 4, 5};

#define ADDON_ABOVE 60.0
#define ADDON_FACTORS 2

PG_FUNCTION_INFO_V1(epic5_burnout_intervention);

/* level, scores of the six factors: plan, recovery days, add-ons */
PGDLLEXPORT Datum
epic5_burnout_intervention(PG_FUNCTION_ARGS)
{
	char	   *level_name;
	int			level;
	int			count;
	double	   *scores;
	bool		used[FACTORS] = {false};
	Datum		addons[ADDON_FACTORS];
	int			addon_count = 0;
	int			taken;
	int			i;
	Datum		values[3];
	bool		nulls[3] = {false};

	CheckNotNull(PG_ARGISNULL(0), "level");
	level_name = text_to_cstring(PG_GETARG_TEXT_PP(0));
	level = CheckChoice(level_name, level_names, "level");
	scores = RangeArray(fcinfo, 1, 0, 100, "factor_scores", &count);
	if (count != 0 && count != FACTORS)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("\"factor_scores\" must have %d elements", FACTORS),
				 errdetail("Found %d.", count),
				 errhint("Pass the scores in the order of epic5_burnout_factors(), or an empty array.")));
	for (taken = 0; taken < ADDON_FACTORS && count > 0; taken++)
	{
		int			largest = -1;
		const char *addon = NULL;

		for (i = 0; i < FACTORS; i++)
			if (!used[i] && scores[i] > ADDON_ABOVE &&
				(largest < 0 || scores[i] > scores[largest]))
				largest = i;
		if (largest < 0)
			break;
		used[largest] = true;
		switch (largest)
		{
			case INTENSITY:
				/* HIGH and MEDIUM already speak of study hours */
				if (level != 1 && level != 2)
					addon = "REDUCE_DAILY_INTENSITY";
				break;
			case DECLINE:
				addon = "PREREQUISITES_FIRST";
				break;
			case CHRONIC_LOAD:
				addon = "EASIER_CONTENT";
				break;
			case RECOVERY:
				addon = "TWO_LIGHT_DAYS";
				break;
			default:
				break;
		}
		if (addon != NULL)
			addons[addon_count++] = CStringGetTextDatum(addon);
	}
	values[0] = CStringGetTextDatum(plan_types[level]);
	values[1] = Int32GetDatum(plan_days[level]);
	values[2] = PointerGetDatum(construct_array(addons, addon_count, TEXTOID, -1, false,
												TYPALIGN_INT));
	PG_RETURN_DATUM(RowDatum(fcinfo, values, nulls));
}

PG_FUNCTION_INFO_V1(epic5_burnout_recovery);

/*
 * Arguments: previous_score, previous_at, current_score, current_at,
 * current_level; any NULL means fewer than two assessments.
 */
PGDLLEXPORT Datum
epic5_burnout_recovery(PG_FUNCTION_ARGS)
{
	Datum		values[4];
	bool		nulls[4] = {false};
	double		progress = 0;
	double		change = 0;
	int64		days = 0;
	bool		recovered = false;
	int			i;

	for (i = 0; i < 5; i++)
		if (PG_ARGISNULL(i))
			break;
	if (i == 5)
	{
		double		previous = PG_GETARG_FLOAT8(0);
		double		current = PG_GETARG_FLOAT8(2);
		TimestampTz previous_at = PG_GETARG_TIMESTAMPTZ(1);
		TimestampTz current_at = PG_GETARG_TIMESTAMPTZ(3);
		int			level = CheckChoice(text_to_cstring(PG_GETARG_TEXT_PP(4)),
										level_names, "current_level");

		CheckRange(previous, 0, 100, "previous_score");
		CheckRange(current, 0, 100, "current_score");
		if (TIMESTAMP_NOT_FINITE(previous_at) || TIMESTAMP_NOT_FINITE(current_at) ||
			previous_at > current_at)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("\"previous_at\" must not be after \"current_at\""),
					 errdetail("Both must be finite times."),
					 errhint("Pass the older assessment as the previous one.")));
		days = (current_at - previous_at) / USECS_PER_DAY;
		change = current - previous;
		if (previous > 0)
			progress = Max(0.0, Min(1.0, (previous - current) / previous));
		recovered = level == 0 && current < level_cuts[0];
	}
	values[0] = Int32GetDatum((int32) days);
	values[1] = Float8GetDatum(change);
	values[2] = Float8GetDatum(progress);
	values[3] = BoolGetDatum(recovered);
	PG_RETURN_DATUM(RowDatum(fcinfo, values, nulls));
}

PG_FUNCTION_INFO_V1(epic5_burnout_story);

/* the design stories' continuous formula */
PGDLLEXPORT Datum
epic5_burnout_story(PG_FUNCTION_ARGS)
{
	static const char *const names[FACTORS] = {
		"hours_per_week", "decline_percent", "high_load_days", "irregular_days",
		"engagement_decay_percent", "days_since_rest"
	};
	static const double scales[FACTORS] = {40, 100, 14, 10, 100, 14};
	static const double points[FACTORS] = {20, 25, 25, 15, 10, 5};
	double		score = 0;
	int			i;

	for (i = 0; i < FACTORS; i++)
	{
		CheckNotNegative(PG_GETARG_FLOAT8(i), names[i]);
		score += PG_GETARG_FLOAT8(i) / scales[i] * points[i];
	}
	CheckFinite(score, "score");
	PG_RETURN_FLOAT8(score);
}

#define FLAG_DAYS 5
#define FLAG_TREND 60.0
#define FLAG_LOAD 70.0
#define FLAG_FACTORS 2

PG_FUNCTION_INFO_V1(epic5_burnout_flag);

/*
 * The Python analyzer's flag: trend, load, rested, high_factors,
 * performance_factor.
 */
PGDLLEXPORT Datum
epic5_burnout_flag(PG_FUNCTION_ARGS)
{
	int			count;
	double	   *trend = RangeArray(fcinfo, 0, 0, 100, "trend", &count);
	double		load = PG_GETARG_FLOAT8(1);
	bool		rested = PG_GETARG_BOOL(2);
	int32		high_factors = PG_GETARG_INT32(3);
	bool		performance = PG_GETARG_BOOL(4);
	bool		high_trend = count >= FLAG_DAYS;
	const char *flag = level_names[0];
	int			i;

	CheckRange(load, 0, 100, "load");
	CheckIntRange(high_factors, 0, PG_INT32_MAX, "high_factors");
	for (i = Max(0, count - FLAG_DAYS); i < count; i++)
		if (trend[i] <= FLAG_TREND)
			high_trend = false;
	if (high_trend && high_factors >= FLAG_FACTORS)
		flag = level_names[3];
	else if (high_trend || (load > FLAG_LOAD && !rested))
		flag = level_names[2];
	else if (load > FLAG_LOAD && performance)
		flag = level_names[1];
	PG_RETURN_TEXT_P(cstring_to_text(flag));
}
