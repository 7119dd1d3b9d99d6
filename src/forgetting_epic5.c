/*
 * forgetting_epic5.c
 *		The reference's own forgetting curve (Epic 5 domain model, 1.7, 2.9 and
 *		2.10), kept apart so that anyone can compare.
 *
 * Its response is the scheduler's stability after the answer, not an observed
 * recall; what is wrong with that, and what to use instead, is in
 * doc/forgetting.md.
 */
#include "postgres.h"

#include <math.h>

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "check.h"
#include "num.h"
#include "result.h"

/* The population's curve. */
#define DEFAULT_R0					1.0
#define DEFAULT_K					0.14
#define DEFAULT_HALF_LIFE			(NUM_LN2 / DEFAULT_K)

/* Stability in days that counts as full retention. */
#define FULL_STABILITY_DAYS			10.0

/* What a personal curve needs; the count also divides the confidence. */
#define NEEDED_REVIEWS				50
#define NEEDED_DAYS					30

#define LOWEST_R0					0.5
#define HIGHEST_R0					1.0
#define LOWEST_K					0.05
#define HIGHEST_K					0.5

/* Beyond these a learner counts as forgetting faster or slower. */
#define FASTER_K					0.154
#define SLOWER_K					0.126

/* Retention at which something counts as forgotten, and as due. */
#define FORGOTTEN					0.5
#define DUE							0.7

/* Share of the half-life after which the insight advises to review. */
#define ADVISED_SHARE				0.7

/* Intervals in days, each with a fifth of itself on either side. */
static const int intervals[] = {1, 3, 7, 14, 30, 90};

#define WINDOW_DIVISOR				5

/* Below this share of its terms the denominator of the fit is rounding. */
#define DENOMINATOR_TOLERANCE		1e-12

typedef struct Review
{
	const char *card;
	TimestampTz at;
	double		stability;
	int			position;		/* in the arrays: decides between equal times */
} Review;

typedef struct Point
{
	const char *card;
	int			interval;
	double		days;
	double		retention;
} Point;

typedef struct Reviews
{
	Review	   *reviews;		/* by card, then time */
	int			count;
	TimestampTz first;
	TimestampTz last;
} Reviews;

static double
RetentionOf(double stability)
{
	return Min(1.0, stability / FULL_STABILITY_DAYS);
}

static int
CompareReviews(const void *a, const void *b)
{
	const Review *x = a;
	const Review *y = b;
	int			order = strcmp(x->card, y->card);

	if (order != 0)
		return order;
	if (x->at != y->at)
		return x->at < y->at ? -1 : 1;
	return x->position - y->position;
}

/* Arguments 0 to 2: card_ids, reviewed_at, stability_after. */
static Reviews
ReviewsFromArguments(FunctionCallInfo fcinfo)
{
	Reviews		all = {NULL, 0, 0, 0};
	ArrayType  *times = PG_GETARG_ARRAYTYPE_P(1);
	char	  **cards;
	double	   *stability;
	TimestampTz *at;
	int			found;
	int			i;

	cards = CheckTextArray(PG_GETARG_ARRAYTYPE_P(0), "card_ids", &all.count);
	if (ARR_NDIM(times) > 1)
		ereport(ERROR,
				(errcode(ERRCODE_ARRAY_SUBSCRIPT_ERROR),
				 errmsg("\"%s\" must be a one-dimensional array", "reviewed_at"),
				 errdetail("Found %d dimensions.", ARR_NDIM(times)),
				 errhint("Pass a plain list of values.")));
	if (array_contains_nulls(times))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("\"%s\" must not contain nulls", "reviewed_at"),
				 errhint("Leave out reviews without a time.")));
	CheckSameLength(ArrayGetNItems(ARR_NDIM(times), ARR_DIMS(times)), "reviewed_at",
					all.count, "card_ids");
	stability = CheckFloatArray(PG_GETARG_ARRAYTYPE_P(2), "stability_after", &found);
	CheckSameLength(found, "stability_after", all.count, "card_ids");

	/* stored as such, aligned, without nulls between */
	at = (TimestampTz *) ARR_DATA_PTR(times);
	all.reviews = palloc(sizeof(Review) * Max(all.count, 1));
	for (i = 0; i < all.count; i++)
	{
		if (TIMESTAMP_NOT_FINITE(at[i]))
			ereport(ERROR,
					(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
					 errmsg("\"reviewed_at\" must be a finite timestamp"),
					 errhint("Leave such rows out.")));
		all.reviews[i].card = cards[i];
		all.reviews[i].at = at[i];
		all.reviews[i].stability = stability[i];
		all.reviews[i].position = i;
		if (i == 0 || at[i] < all.first)
			all.first = at[i];
		if (i == 0 || at[i] > all.last)
			all.last = at[i];
	}
	qsort(all.reviews, all.count, sizeof(Review), CompareReviews);
	return all;
}

/*
 * For each review and interval the first later review of the card within the
 * window.  Windows are compared in whole microseconds, both ends included.
 */
static Point *
PointsOf(const Reviews *all, int *count)
{
	int			capacity = 64;
	Point	   *points = palloc(sizeof(Point) * capacity);
	int			i;

	*count = 0;
	for (i = 0; i < all->count; i++)
	{
		const Review *from = &all->reviews[i];
		int			later = i + 1;
		int			k;

		CHECK_FOR_INTERRUPTS();
		/* windows ascend, so each search goes on where the last one ended */
		for (k = 0; k < (int) lengthof(intervals); k++)
		{
			int64		width = intervals[k] * USECS_PER_DAY;
			int64		low = width - width / WINDOW_DIVISOR;
			int64		high = width + width / WINDOW_DIVISOR;

			while (later < all->count && strcmp(all->reviews[later].card, from->card) == 0 &&
				   all->reviews[later].at - from->at < low)
				later++;
			if (later >= all->count || strcmp(all->reviews[later].card, from->card) != 0)
				break;
			if (all->reviews[later].at - from->at > high)
				continue;
			if (*count == capacity)
			{
				capacity *= 2;
				points = repalloc_huge(points, sizeof(Point) * capacity);
			}
			points[*count].card = from->card;
			points[*count].interval = intervals[k];
			points[*count].days = (double) (all->reviews[later].at - from->at) /
				(double) USECS_PER_DAY;
			points[*count].retention = RetentionOf(all->reviews[later].stability);
			(*count)++;
		}
	}
	return points;
}

typedef struct FittedCurve
{
	double		r0;
	double		k;
	bool		fitted;			/* false: the population's */
} FittedCurve;

static FittedCurve
FitPoints(const Point *points, int count)
{
	FittedCurve curve = {DEFAULT_R0, DEFAULT_K, false};
	double		n = 0.0;
	double		sx = 0.0;
	double		sy = 0.0;
	double		sxx = 0.0;
	double		sxy = 0.0;
	double		denominator;
	int			i;

	for (i = 0; i < count; i++)
	{
		double		y;

		if (points[i].retention <= 0.0)
			continue;
		y = log(points[i].retention);
		n += 1.0;
		sx += points[i].days;
		sy += y;
		sxx += points[i].days * points[i].days;
		sxy += points[i].days * y;
	}
	denominator = n * sxx - sx * sx;
	if (n < 2.0 || fabs(denominator) <= DENOMINATOR_TOLERANCE * n * sxx)
		return curve;
	curve.r0 = num_clamp(exp((sy * sxx - sx * sxy) / denominator), LOWEST_R0, HIGHEST_R0);
	curve.k = num_clamp(-(n * sxy - sx * sy) / denominator, LOWEST_K, HIGHEST_K);
	curve.fitted = true;
	return curve;
}

static double
DifferencePercent(double half_life)
{
	return (half_life - DEFAULT_HALF_LIFE) / DEFAULT_HALF_LIFE * 100.0;
}

PG_FUNCTION_INFO_V1(epic5_forgetting_points);

/* the points that the curve is fitted to */
PGDLLEXPORT Datum
epic5_forgetting_points(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	Reviews		all = ReviewsFromArguments(fcinfo);
	int			count;
	Point	   *points = PointsOf(&all, &count);
	int			i;

	InitMaterializedSRF(fcinfo, 0);
	for (i = 0; i < count; i++)
	{
		Datum		values[4];
		bool		nulls[4] = {false};

		values[0] = CStringGetTextDatum(points[i].card);
		values[1] = Int32GetDatum(points[i].interval);
		values[2] = Float8GetDatum(points[i].days);
		values[3] = Float8GetDatum(points[i].retention);
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
	return (Datum) 0;
}

PG_FUNCTION_INFO_V1(epic5_forgetting_by_interval);

/* mean retention per interval that has points */
PGDLLEXPORT Datum
epic5_forgetting_by_interval(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	Reviews		all = ReviewsFromArguments(fcinfo);
	int			count;
	Point	   *points = PointsOf(&all, &count);
	int			k;

	InitMaterializedSRF(fcinfo, 0);
	for (k = 0; k < (int) lengthof(intervals); k++)
	{
		double		sum = 0.0;
		int64		found = 0;
		Datum		values[3];
		bool		nulls[3] = {false};
		int			i;

		for (i = 0; i < count; i++)
			if (points[i].interval == intervals[k])
			{
				sum += points[i].retention;
				found++;
			}
		if (found == 0)
			continue;
		values[0] = Int32GetDatum(intervals[k]);
		values[1] = Float8GetDatum(sum / found);
		values[2] = Int64GetDatum(found);
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
	return (Datum) 0;
}

PG_FUNCTION_INFO_V1(epic5_forgetting_fit);

/* least squares of ln R on days, clamped */
PGDLLEXPORT Datum
epic5_forgetting_fit(PG_FUNCTION_ARGS)
{
	int			count;
	int			found;
	double	   *days = CheckFloatArray(PG_GETARG_ARRAYTYPE_P(0), "elapsed_days", &count);
	double	   *retention = CheckFloatArray(PG_GETARG_ARRAYTYPE_P(1), "retention", &found);
	Point	   *points;
	FittedCurve curve;
	Datum		values[4];
	bool		nulls[4] = {false};
	int			i;

	CheckSameLength(found, "retention", count, "elapsed_days");
	points = palloc(sizeof(Point) * Max(count, 1));
	for (i = 0; i < count; i++)
	{
		CheckNotNegative(days[i], "elapsed_days");
		CheckRange(retention[i], 0.0, 1.0, "retention");
		points[i].days = days[i];
		points[i].retention = retention[i];
	}
	curve = FitPoints(points, count);
	values[0] = Float8GetDatum(curve.r0);
	values[1] = Float8GetDatum(curve.k);
	values[2] = Float8GetDatum(NUM_LN2 / curve.k);
	values[3] = BoolGetDatum(curve.fitted);
	PG_RETURN_DATUM(RowDatum(fcinfo, values, nulls));
}

PG_FUNCTION_INFO_V1(epic5_forgetting_curve);

/* the whole rule over a learner's reviews */
PGDLLEXPORT Datum
epic5_forgetting_curve(PG_FUNCTION_ARGS)
{
	Reviews		all = ReviewsFromArguments(fcinfo);
	FittedCurve curve = {DEFAULT_R0, DEFAULT_K, false};
	const char *deviation;
	double		half_life;
	double		difference;
	int			count = 0;
	Datum		values[9];
	bool		nulls[9] = {false};

	if (all.count < NEEDED_REVIEWS || all.last - all.first < NEEDED_DAYS * USECS_PER_DAY)
		deviation = "insufficient_data";
	else
	{
		Point	   *points = PointsOf(&all, &count);

		curve = FitPoints(points, count);
		if (count == 0)
			deviation = "no_points";
		else if (curve.k > FASTER_K)
			deviation = "faster";
		else if (curve.k < SLOWER_K)
			deviation = "slower";
		else
			deviation = "similar";
	}
	half_life = NUM_LN2 / curve.k;
	difference = DifferencePercent(half_life);
	values[0] = Float8GetDatum(curve.r0);
	values[1] = Float8GetDatum(curve.k);
	values[2] = Float8GetDatum(half_life);
	values[3] = Float8GetDatum(difference);
	values[4] = CStringGetTextDatum(deviation);
	values[5] = Int32GetDatum((int32) num_round_half_up(fabs(difference)));
	values[6] = Float8GetDatum(Min(1.0, (double) all.count / NEEDED_REVIEWS));
	values[7] = Int64GetDatum(all.count);
	values[8] = Int64GetDatum(count);
	PG_RETURN_DATUM(RowDatum(fcinfo, values, nulls));
}

static void
CheckCurve(double r0, double k)
{
	CheckRange(r0, 0.0, 1.0, "r0");
	CheckPositive(r0, "r0");
	CheckPositive(k, "k");
}

/* never minus zero */
static double
NotBelowZero(double x)
{
	return x > 0.0 ? x : 0.0;
}

PG_FUNCTION_INFO_V1(epic5_forgetting_prediction);

/* where an objective stands on a curve */
PGDLLEXPORT Datum
epic5_forgetting_prediction(PG_FUNCTION_ARGS)
{
	double		r0;
	double		k;
	Datum		values[4];
	bool		nulls[4] = {false};

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1) || PG_ARGISNULL(3))
		PG_RETURN_NULL();
	r0 = PG_GETARG_FLOAT8(0);
	k = PG_GETARG_FLOAT8(1);
	CheckCurve(r0, k);
	CheckRange(PG_GETARG_FLOAT8(3), 0.0, 1.0, "confidence");
	if (PG_ARGISNULL(2))
	{
		/* never reviewed: the reference answers with zeros */
		values[0] = values[1] = values[2] = values[3] = Float8GetDatum(0.0);
	}
	else
	{
		double		days = PG_GETARG_FLOAT8(2);

		CheckNotNegative(days, "days_since_review");
		values[0] = Float8GetDatum(num_clamp(r0 * exp(-k * days), 0.0, 1.0));
		values[1] = Float8GetDatum(NotBelowZero(-log(FORGOTTEN / r0) / k - days));
		values[2] = Float8GetDatum(NotBelowZero(-log(DUE / r0) / k - days));
		values[3] = PG_GETARG_DATUM(3);
	}
	PG_RETURN_DATUM(RowDatum(fcinfo, values, nulls));
}

PG_FUNCTION_INFO_V1(epic5_forgetting_insight);

/* the numbers of the insight's text */
PGDLLEXPORT Datum
epic5_forgetting_insight(PG_FUNCTION_ARGS)
{
	double		k = PG_GETARG_FLOAT8(0);
	double		half_life;
	Datum		values[4];
	bool		nulls[4] = {false};

	CheckRange(k, 1e-4, 1e4, "k");
	half_life = NUM_LN2 / k;
	values[0] = Int32GetDatum((int32) num_round_half_up(fabs(DifferencePercent(half_life))));
	values[1] = CStringGetTextDatum(k > DEFAULT_K ? "faster" : "slower");
	values[2] = Int32GetDatum((int32) num_round_half_up(half_life));
	values[3] = Int32GetDatum((int32) num_round_half_up(ADVISED_SHARE * half_life));
	PG_RETURN_DATUM(RowDatum(fcinfo, values, nulls));
}
