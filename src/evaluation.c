/*
 * evaluation.c
 *		How good predictions were: aggregates over probabilities and outcomes.
 *
 * Three states.  A sum with its count (log loss, Brier score, regret).  A
 * ranking: how often each distinct probability came with either outcome, which
 * is all that AUC, average precision and lift depend on.  A calibration: sums
 * per bin of probability, the one state that is also a type, since bins are
 * worth keeping.
 */
#include "postgres.h"

#include <float.h>
#include <math.h>

#include "catalog/pg_type.h"
#include "common/int.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/float.h"

#include "agg.h"
#include "btwin.h"
#include "check.h"
#include "num.h"
#include "state.h"
#include "text.h"

/*
 * Layout
 */

#define SCORE_SUM_VERSION 1
#define RANKING_VERSION 1
#define CALIBRATION_VERSION 1

static const StateKind score_sum_kind = {BTWIN_SCORE_SUM, SCORE_SUM_VERSION, "internal score sum"};
static const StateKind ranking_kind = {BTWIN_RANKING, RANKING_VERSION, "internal ranking"};
static const StateKind calibration_kind = {BTWIN_CALIBRATION, CALIBRATION_VERSION, "btwin.calibration"};

typedef struct ScoreSum
{
	int64		rows;
	NumSum		sum;
} ScoreSum;

/* Distinct probabilities in one ranking: 240 MB of entries. */
#define RANKING_MAX_ENTRIES 10000000
#define RANKING_ENTRY_BYTES (8 + 8 + 8)
#define RANKING_FIRST_ENTRIES 64

/*
 * Where few distinct probabilities come often, rows find their entry in a table
 * instead of waiting to be sorted.  Small rankings do without.
 */
#define RANKING_RECENT_BITS 12
#define RANKING_RECENT_SLOTS (1 << RANKING_RECENT_BITS)
#define RANKING_RECENT_FROM 1024

typedef struct RankingEntry
{
	double		p;
	int64		positives;
	int64		negatives;
} RankingEntry;

typedef struct Ranking
{
	MemoryContext context;
	int			count;
	int			capacity;
	double		top;			/* lift: share of the rows looked at */
	RankingEntry *entries;		/* the first "sorted" ascending, each p once */
	int			sorted;
	int32	   *recent;			/* by hash of p: number + 1 of its entry, or 0 */
} Ranking;

#define CALIBRATION_DEFAULT_BINS 10
#define CALIBRATION_MAX_BINS 1000
#define CALIBRATION_BIN_BYTES (8 + 8 + 8 + 8)

typedef struct CalibrationBin
{
	int64		rows;
	int64		positives;
	double		sum;			/* of p */
	double		variance;		/* of p (1 - p) */
} CalibrationBin;

typedef struct Calibration
{
	int			count;			/* 0: no row seen, number of bins not fixed */
	CalibrationBin *bins;
	MemoryContext context;
} Calibration;

static void
CountRow(int64 *count)
{
	if (pg_add_s64_overflow(*count, 1, count))
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many rows in one state")));
}

static void
AddCount(int64 *into, int64 from)
{
	if (pg_add_s64_overflow(*into, from, into))
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many rows in one state")));
}

/*
 * A row of probability and outcome.  False: one of them is unknown, so the row
 * is skipped.
 */
static bool
ReadPrediction(FunctionCallInfo fcinfo, double *p, bool *y)
{
	if (PG_ARGISNULL(1) || PG_ARGISNULL(2))
		return false;
	*p = PG_GETARG_FLOAT8(1);
	*y = PG_GETARG_BOOL(2);
	CheckRange(*p, 0.0, 1.0, "p");
	return true;
}

/*
 * Sums: log loss, Brier score, regret
 */

static ScoreSum *
ScoreSumFromArgument(FunctionCallInfo fcinfo)
{
	if (PG_ARGISNULL(0))
		return MemoryContextAllocZero(AggregateContext(fcinfo), sizeof(ScoreSum));
	return (ScoreSum *) PG_GETARG_POINTER(0);
}

static void
ScoreSumAdd(ScoreSum *state, double value)
{
	CountRow(&state->rows);
	num_sum_add(&state->sum, value);
}

static double
ScoreSumTotal(const ScoreSum *state)
{
	double		total = num_sum_value(&state->sum);

	if (!num_is_finite(total))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("sum is out of range"),
				 errdetail("It overflows double precision."),
				 errhint("Rescale the values.")));
	return total;
}

PG_FUNCTION_INFO_V1(log_loss_accum);

/* minus log likelihood of one outcome */
PGDLLEXPORT Datum
log_loss_accum(PG_FUNCTION_ARGS)
{
	ScoreSum   *state = ScoreSumFromArgument(fcinfo);
	double		p;
	bool		y;

	if (ReadPrediction(fcinfo, &p, &y))
	{
		/* a certainty that failed would cost infinitely much */
		p = num_clamp(p, DBL_EPSILON, 1.0 - DBL_EPSILON);
		ScoreSumAdd(state, y ? -log(p) : -log1p(-p));
	}
	PG_RETURN_POINTER(state);
}

PG_FUNCTION_INFO_V1(brier_accum);

/* squared difference of one probability and outcome */
PGDLLEXPORT Datum
brier_accum(PG_FUNCTION_ARGS)
{
	ScoreSum   *state = ScoreSumFromArgument(fcinfo);
	double		p;
	bool		y;

	if (ReadPrediction(fcinfo, &p, &y))
	{
		double		error = p - (y ? 1.0 : 0.0);

		ScoreSumAdd(state, error * error);
	}
	PG_RETURN_POINTER(state);
}

PG_FUNCTION_INFO_V1(regret_accum);

/* what one choice lost against the best one */
PGDLLEXPORT Datum
regret_accum(PG_FUNCTION_ARGS)
{
	ScoreSum   *state = ScoreSumFromArgument(fcinfo);

	if (!PG_ARGISNULL(1) && !PG_ARGISNULL(2))
	{
		double		best = PG_GETARG_FLOAT8(1);
		double		chosen = PG_GETARG_FLOAT8(2);

		CheckFinite(best, "best");
		CheckFinite(chosen, "chosen");
		/* apart, so that the difference cannot overflow or round */
		CountRow(&state->rows);
		num_sum_add(&state->sum, best);
		num_sum_add(&state->sum, -chosen);
	}
	PG_RETURN_POINTER(state);
}

PG_FUNCTION_INFO_V1(score_sum_combine);

PGDLLEXPORT Datum
score_sum_combine(PG_FUNCTION_ARGS)
{
	MemoryContext context = AggregateContext(fcinfo);
	ScoreSum   *into = PG_ARGISNULL(0) ? NULL : (ScoreSum *) PG_GETARG_POINTER(0);
	const ScoreSum *from;

	if (PG_ARGISNULL(1))
	{
		if (into == NULL)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(into);
	}
	from = (const ScoreSum *) PG_GETARG_POINTER(1);
	if (into == NULL)
		into = MemoryContextAllocZero(context, sizeof(ScoreSum));
	AddCount(&into->rows, from->rows);
	num_sum_merge(&into->sum, &from->sum);
	PG_RETURN_POINTER(into);
}

PG_FUNCTION_INFO_V1(score_sum_serialize);

PGDLLEXPORT Datum
score_sum_serialize(PG_FUNCTION_ARGS)
{
	const ScoreSum *state = (const ScoreSum *) PG_GETARG_POINTER(0);
	StringInfoData buf;

	(void) AggregateContext(fcinfo);
	(void) ScoreSumTotal(state);
	StateBegin(&buf, &score_sum_kind);
	WireWriteInt64(&buf, state->rows);
	/* both parts: a merge in another order must not cost digits */
	WireWriteFloat(&buf, state->sum.sum);
	WireWriteFloat(&buf, state->sum.comp);
	PG_RETURN_POINTER(StateFinish(&buf));
}

PG_FUNCTION_INFO_V1(score_sum_deserialize);

PGDLLEXPORT Datum
score_sum_deserialize(PG_FUNCTION_ARGS)
{
	ScoreSum   *state = palloc0(sizeof(ScoreSum));
	WireReader	reader;

	(void) AggregateContext(fcinfo);
	(void) StateOpenSerial(&reader, PG_GETARG_BYTEA_PP(0), &score_sum_kind);
	state->rows = WireReadInt64(&reader);
	state->sum.sum = WireReadFloat(&reader);
	state->sum.comp = WireReadFloat(&reader);
	if (state->rows < 0)
		WireInvalid(&reader, "its number of rows is negative");
	WireReadEnd(&reader);
	PG_RETURN_POINTER(state);
}

PG_FUNCTION_INFO_V1(score_sum_mean);

/* only reads */
PGDLLEXPORT Datum
score_sum_mean(PG_FUNCTION_ARGS)
{
	const ScoreSum *state = PG_ARGISNULL(0) ? NULL : (const ScoreSum *) PG_GETARG_POINTER(0);

	(void) AggregateContext(fcinfo);
	if (state == NULL || state->rows == 0)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(ScoreSumTotal(state) / state->rows);
}

PG_FUNCTION_INFO_V1(score_sum_total);

/* only reads */
PGDLLEXPORT Datum
score_sum_total(PG_FUNCTION_ARGS)
{
	const ScoreSum *state = PG_ARGISNULL(0) ? NULL : (const ScoreSum *) PG_GETARG_POINTER(0);

	(void) AggregateContext(fcinfo);
	if (state == NULL || state->rows == 0)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(ScoreSumTotal(state));
}

/*
 * Ranking: AUC, average precision, lift
 */

static Ranking *
RankingNew(MemoryContext context, int capacity)
{
	Ranking    *ranking = MemoryContextAllocZero(context, sizeof(Ranking));

	ranking->context = context;
	ranking->capacity = Max(capacity, RANKING_FIRST_ENTRIES);
	ranking->entries = MemoryContextAlloc(context, sizeof(RankingEntry) * ranking->capacity);
	return ranking;
}

/* SortEntries(): the server's own sort with the comparison inlined. */
#define ST_SORT SortEntries
#define ST_ELEMENT_TYPE RankingEntry
#define ST_COMPARE(a, b) (((a)->p > (b)->p) - ((a)->p < (b)->p))
#define ST_SCOPE static
#define ST_CHECK_FOR_INTERRUPTS
#define ST_DECLARE
#define ST_DEFINE
#include "lib/sort_template.h"

/*
 * Sorts and makes every probability appear once.  What the ranking says stays
 * the same, so a final function may do it too.
 */
static void
RankingSort(Ranking *ranking)
{
	RankingEntry *entries = ranking->entries;
	int			kept = 0;
	int			i;

	if (ranking->sorted == ranking->count)
		return;
	SortEntries(entries, ranking->count);
	for (i = 1; i < ranking->count; i++)
	{
		if (entries[i].p == entries[kept].p)
		{
			AddCount(&entries[kept].positives, entries[i].positives);
			AddCount(&entries[kept].negatives, entries[i].negatives);
		}
		else
			entries[++kept] = entries[i];
	}
	ranking->count = ranking->sorted = kept + 1;
	/* entries have moved */
	if (ranking->recent != NULL)
		memset(ranking->recent, 0, sizeof(int32) * RANKING_RECENT_SLOTS);
	CheckBound(ranking->count, RANKING_MAX_ENTRIES, "distinct probabilities",
			   "Round the probabilities, or evaluate a sample.");
}

/*
 * Room for one entry more.  Sorting frees what repeats; only when that is less
 * than half does the table grow, so a row costs the logarithm on average.
 */
static void
RankingMakeRoom(Ranking *ranking)
{
	RankingSort(ranking);
	if (ranking->count > ranking->capacity / 2)
	{
		ranking->capacity = Min(ranking->capacity * 2, 2 * RANKING_MAX_ENTRIES);
		ranking->entries = repalloc(ranking->entries,
									sizeof(RankingEntry) * ranking->capacity);
	}
	if (ranking->recent == NULL && ranking->capacity >= RANKING_RECENT_FROM)
		ranking->recent = MemoryContextAllocZero(ranking->context,
												 sizeof(int32) * RANKING_RECENT_SLOTS);
}

/* Multiplicative hashing of the bits (Knuth, volume 3, 6.4). */
static int
RankingSlot(double p)
{
	uint64		bits;

	memcpy(&bits, &p, sizeof(bits));
	return (int) ((bits * UINT64CONST(0x9E3779B97F4A7C15)) >> (64 - RANKING_RECENT_BITS));
}

/* What share lift looks at; fixed by the first row. */
static void
RankingSetTop(Ranking *ranking, double top)
{
	if (unlikely(ranking->count > 0 && ranking->top != top))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("\"top\" must be the same in all rows"),
				 errdetail("Found %g and %g.", ranking->top, top),
				 errhint("Pass a constant.")));
	ranking->top = top;
}

static void
RankingAdd(Ranking *ranking, const RankingEntry *entry)
{
	int			slot = RankingSlot(entry->p);

	if (ranking->recent != NULL && ranking->recent[slot] > 0)
	{
		RankingEntry *known = &ranking->entries[ranking->recent[slot] - 1];

		if (known->p == entry->p)
		{
			AddCount(&known->positives, entry->positives);
			AddCount(&known->negatives, entry->negatives);
			return;
		}
	}
	if (ranking->count == ranking->capacity)
		RankingMakeRoom(ranking);
	ranking->entries[ranking->count++] = *entry;
	if (ranking->recent != NULL)
		ranking->recent[slot] = ranking->count;
}

static Datum
RankingTransition(FunctionCallInfo fcinfo, double top)
{
	Ranking    *ranking;
	double		p;
	bool		y;

	if (PG_ARGISNULL(0))
		ranking = RankingNew(AggregateContext(fcinfo), 0);
	else
		ranking = (Ranking *) PG_GETARG_POINTER(0);
	if (ReadPrediction(fcinfo, &p, &y))
	{
		RankingEntry entry;

		/* minus zero is zero */
		entry.p = p + 0.0;
		entry.positives = y ? 1 : 0;
		entry.negatives = y ? 0 : 1;
		RankingSetTop(ranking, top);
		RankingAdd(ranking, &entry);
	}
	PG_RETURN_POINTER(ranking);
}

#define LIFT_DEFAULT_TOP 0.1

PG_FUNCTION_INFO_V1(ranking_accum);

/* one prediction and its outcome */
PGDLLEXPORT Datum
ranking_accum(PG_FUNCTION_ARGS)
{
	return RankingTransition(fcinfo, LIFT_DEFAULT_TOP);
}

PG_FUNCTION_INFO_V1(ranking_accum_top);

/* the same with the share of rows that lift looks at */
PGDLLEXPORT Datum
ranking_accum_top(PG_FUNCTION_ARGS)
{
	double		top;

	CheckNotNull(PG_ARGISNULL(3), "top");
	top = PG_GETARG_FLOAT8(3);
	CheckPositive(top, "top");
	CheckRange(top, 0.0, 1.0, "top");
	return RankingTransition(fcinfo, top);
}

PG_FUNCTION_INFO_V1(ranking_combine);

PGDLLEXPORT Datum
ranking_combine(PG_FUNCTION_ARGS)
{
	MemoryContext context = AggregateContext(fcinfo);
	Ranking    *into = PG_ARGISNULL(0) ? NULL : (Ranking *) PG_GETARG_POINTER(0);
	const Ranking *from;
	int			i;

	if (PG_ARGISNULL(1))
	{
		if (into == NULL)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(into);
	}
	from = (const Ranking *) PG_GETARG_POINTER(1);
	/* always a copy: the second state dies with the worker's tuple */
	if (into == NULL)
		into = RankingNew(context, from->count);
	if (from->count > 0)
		RankingSetTop(into, from->top);
	for (i = 0; i < from->count; i++)
		RankingAdd(into, &from->entries[i]);
	PG_RETURN_POINTER(into);
}

PG_FUNCTION_INFO_V1(ranking_serialize);

PGDLLEXPORT Datum
ranking_serialize(PG_FUNCTION_ARGS)
{
	Ranking    *ranking = (Ranking *) PG_GETARG_POINTER(0);
	StringInfoData buf;
	int			i;

	(void) AggregateContext(fcinfo);
	RankingSort(ranking);
	StateBegin(&buf, &ranking_kind);
	WireWriteInt32(&buf, ranking->count);
	WireWriteFloat(&buf, ranking->top);
	for (i = 0; i < ranking->count; i++)
	{
		WireWriteFloat(&buf, ranking->entries[i].p);
		WireWriteInt64(&buf, ranking->entries[i].positives);
		WireWriteInt64(&buf, ranking->entries[i].negatives);
	}
	PG_RETURN_POINTER(StateFinish(&buf));
}

PG_FUNCTION_INFO_V1(ranking_deserialize);

PGDLLEXPORT Datum
ranking_deserialize(PG_FUNCTION_ARGS)
{
	WireReader	reader;
	Ranking    *ranking;
	int			count;
	int			i;

	(void) AggregateContext(fcinfo);
	(void) StateOpenSerial(&reader, PG_GETARG_BYTEA_PP(0), &ranking_kind);
	count = WireReadCount(&reader, RANKING_MAX_ENTRIES, RANKING_ENTRY_BYTES, "probabilities");
	ranking = RankingNew(CurrentMemoryContext, count);
	ranking->top = WireReadFloat(&reader);
	if (ranking->top < 0.0 || ranking->top > 1.0 || (count > 0 && ranking->top == 0.0))
		WireInvalid(&reader, "its share of rows is not between 0 and 1");
	for (i = 0; i < count; i++)
	{
		RankingEntry *entry = &ranking->entries[i];

		CHECK_FOR_INTERRUPTS();
		entry->p = WireReadFloat(&reader);
		entry->positives = WireReadInt64(&reader);
		entry->negatives = WireReadInt64(&reader);
		if (entry->p < 0.0 || entry->p > 1.0 || (i > 0 && entry->p <= entry[-1].p))
			WireInvalid(&reader, "its probabilities are not ascending between 0 and 1");
		if (entry->positives < 0 || entry->negatives < 0 ||
			(entry->positives == 0 && entry->negatives == 0))
			WireInvalid(&reader, "a probability has an impossible number of rows");
	}
	WireReadEnd(&reader);
	ranking->count = ranking->sorted = count;
	PG_RETURN_POINTER(ranking);
}

/* The sorted ranking of a final function and its totals; NULL without rows. */
static Ranking *
RankingOfFinal(FunctionCallInfo fcinfo, double *positives, double *negatives)
{
	Ranking    *ranking = PG_ARGISNULL(0) ? NULL : (Ranking *) PG_GETARG_POINTER(0);
	int64		p = 0;
	int64		n = 0;
	int			i;

	(void) AggregateContext(fcinfo);
	if (ranking == NULL || ranking->count == 0)
		return NULL;
	RankingSort(ranking);
	for (i = 0; i < ranking->count; i++)
	{
		AddCount(&p, ranking->entries[i].positives);
		AddCount(&n, ranking->entries[i].negatives);
	}
	*positives = (double) p;
	*negatives = (double) n;
	return ranking;
}

PG_FUNCTION_INFO_V1(auc_final);

/*
 * Share of pairs of a positive and a negative row that are in the right order,
 * a tie counting half (Mann and Whitney).
 */
PGDLLEXPORT Datum
auc_final(PG_FUNCTION_ARGS)
{
	double		positives;
	double		negatives;
	Ranking    *ranking = RankingOfFinal(fcinfo, &positives, &negatives);
	NumSum		right;
	double		below = 0.0;
	int			i;

	if (ranking == NULL || positives == 0.0 || negatives == 0.0)
		PG_RETURN_NULL();
	num_sum_init(&right);
	for (i = 0; i < ranking->count; i++)
	{
		const RankingEntry *e = &ranking->entries[i];

		num_sum_add(&right, e->positives * (below + 0.5 * e->negatives));
		below += e->negatives;
	}
	PG_RETURN_FLOAT8(num_sum_value(&right) / positives / negatives);
}

PG_FUNCTION_INFO_V1(average_precision_final);

/*
 * Sum over thresholds, from the highest probability down, of the gain in
 * recall times the precision there; rows of equal probability come together.
 */
PGDLLEXPORT Datum
average_precision_final(PG_FUNCTION_ARGS)
{
	double		positives;
	double		negatives;
	Ranking    *ranking = RankingOfFinal(fcinfo, &positives, &negatives);
	NumSum		sum;
	double		hits = 0.0;
	double		seen = 0.0;
	int			i;

	if (ranking == NULL || positives == 0.0)
		PG_RETURN_NULL();
	num_sum_init(&sum);
	for (i = ranking->count - 1; i >= 0; i--)
	{
		const RankingEntry *e = &ranking->entries[i];

		hits += e->positives;
		seen += (double) e->positives + e->negatives;
		num_sum_add(&sum, e->positives / positives * (hits / seen));
	}
	PG_RETURN_FLOAT8(num_sum_value(&sum));
}

PG_FUNCTION_INFO_V1(lift_final);

/*
 * Rate among the "top" share of rows with the highest probabilities over the
 * rate of all.  Of rows that tie at the border the part that still fits counts.
 */
PGDLLEXPORT Datum
lift_final(PG_FUNCTION_ARGS)
{
	double		positives;
	double		negatives;
	Ranking    *ranking = RankingOfFinal(fcinfo, &positives, &negatives);
	double		size;
	double		left;
	double		hits = 0.0;
	int			i;

	if (ranking == NULL || positives == 0.0)
		PG_RETURN_NULL();
	size = left = ranking->top * (positives + negatives);
	for (i = ranking->count - 1; i >= 0 && left > 0.0; i--)
	{
		const RankingEntry *e = &ranking->entries[i];
		double		rows = (double) e->positives + e->negatives;

		hits += e->positives * Min(1.0, left / rows);
		left -= rows;
	}
	PG_RETURN_FLOAT8(hits / size / (positives / (positives + negatives)));
}

/*
 * Calibration
 */

static Calibration *
CalibrationNew(MemoryContext context)
{
	Calibration *c = MemoryContextAllocZero(context, sizeof(Calibration));

	c->context = context;
	return c;
}

static void
CalibrationSetBins(Calibration *c, int count)
{
	if (c->count == 0)
	{
		c->count = count;
		c->bins = MemoryContextAllocZero(c->context, sizeof(CalibrationBin) * count);
	}
	else if (c->count != count)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("\"bins\" must be the same in one calibration"),
				 errdetail("Found %d and %d.", c->count, count),
				 errhint("Merge and aggregate with the same number of bins.")));
}

/* [i / count, (i + 1) / count), the last one closed, by the rounded borders. */
static int
CalibrationBinOf(double p, int count)
{
	int			bin = (int) (p * count);

	if (p < (double) bin / count)
		bin--;
	else if (p >= (double) (bin + 1) / count)
		bin++;
	return Min(bin, count - 1);
}

static void
CalibrationMerge(Calibration *into, const Calibration *from)
{
	int			i;

	if (from->count == 0)
		return;
	CalibrationSetBins(into, from->count);
	for (i = 0; i < from->count; i++)
	{
		AddCount(&into->bins[i].rows, from->bins[i].rows);
		AddCount(&into->bins[i].positives, from->bins[i].positives);
		into->bins[i].sum += from->bins[i].sum;
		into->bins[i].variance += from->bins[i].variance;
	}
}

/* Room for the rounding of sums. */
#define CALIBRATION_SLACK 1e-9

static void
ValidateBin(const CalibrationBin *b, int number, int count, const StateSource *source)
{
	double		low = (double) number / count;
	double		high = (double) (number + 1) / count;
	double		slack = CALIBRATION_SLACK * b->rows;

	if (b->rows < 0 || b->positives < 0 || b->positives > b->rows)
		StateInvalid(source, "a bin's counts contradict each other");
	else if (b->sum < low * b->rows - slack || b->sum > high * b->rows + slack)
		StateInvalid(source, "a bin's mean lies outside the bin");
	else if (b->variance < 0.0 || b->variance > 0.25 * b->rows + slack ||
			 (b->rows == 0 && (b->sum != 0.0 || b->variance != 0.0)))
		StateInvalid(source, "a bin's sums contradict each other");
}

static void
ValidateCalibration(const Calibration *c, const StateSource *source)
{
	int64		rows = 0;
	int			i;

	for (i = 0; i < c->count; i++)
		rows |= c->bins[i].rows;
	if (c->count > 0 && rows == 0)
		StateInvalid(source, "it has bins and no rows");
}

static struct varlena *
CalibrationToState(const Calibration *c)
{
	StringInfoData buf;
	int			i;

	StateBegin(&buf, &calibration_kind);
	WireWriteInt32(&buf, c->count);
	for (i = 0; i < c->count; i++)
	{
		WireWriteInt64(&buf, c->bins[i].rows);
		WireWriteInt64(&buf, c->bins[i].positives);
		WireWriteFloat(&buf, c->bins[i].sum);
		WireWriteFloat(&buf, c->bins[i].variance);
	}
	return StateFinish(&buf);
}

static Calibration *
CalibrationRead(WireReader *reader, MemoryContext context)
{
	StateSource source = {reader, NULL};
	Calibration *c = CalibrationNew(context);
	int			count = WireReadCount(reader, CALIBRATION_MAX_BINS,
									  CALIBRATION_BIN_BYTES, "bins");
	int			i;

	if (count > 0)
		CalibrationSetBins(c, count);
	for (i = 0; i < count; i++)
	{
		c->bins[i].rows = WireReadInt64(reader);
		c->bins[i].positives = WireReadInt64(reader);
		c->bins[i].sum = WireReadFloat(reader);
		c->bins[i].variance = WireReadFloat(reader);
		ValidateBin(&c->bins[i], i, count, &source);
	}
	ValidateCalibration(c, &source);
	WireReadEnd(reader);
	return c;
}

static Calibration *
CalibrationFromState(struct varlena *value, MemoryContext context)
{
	WireReader	reader;

	(void) StateOpen(&reader, value, &calibration_kind);
	return CalibrationRead(&reader, context);
}

#define PG_GETARG_CALIBRATION(n) \
	CalibrationFromState(PG_GETARG_VARLENA_PP(n), CurrentMemoryContext)
#define PG_RETURN_CALIBRATION(c) \
	PG_RETURN_POINTER(CalibrationToState(c))

PG_FUNCTION_INFO_V1(calibration_in);

/* text form to state */
PGDLLEXPORT Datum
calibration_in(PG_FUNCTION_ARGS)
{
	TextReader	reader;
	StateSource source = {NULL, &reader};
	Calibration *c = CalibrationNew(CurrentMemoryContext);
	CalibrationBin bins[CALIBRATION_MAX_BINS];
	int			count = 0;
	int			i;

	(void) TextOpen(&reader, PG_GETARG_CSTRING(0), &calibration_kind, fcinfo->context);
	TextReadArray(&reader, "bins");
	while (TextReadMore(&reader, count))
	{
		CHECK_FOR_INTERRUPTS();
		if (count == CALIBRATION_MAX_BINS)
		{
			TextInvalid(&reader, psprintf("it has more than %d bins", CALIBRATION_MAX_BINS));
			break;
		}
		TextReadObject(&reader, NULL);
		bins[count].rows = TextReadInt(&reader, "rows", 0, PG_INT64_MAX);
		bins[count].positives = TextReadInt(&reader, "positives", 0, PG_INT64_MAX);
		bins[count].sum = TextReadFloat(&reader, "sum");
		bins[count].variance = TextReadFloat(&reader, "variance");
		TextReadObjectEnd(&reader);
		if (TextFailed(&reader))
			break;
		count++;
	}
	TextReadEnd(&reader);
	if (TextFailed(&reader))
		PG_RETURN_NULL();
	if (count > 0)
	{
		CalibrationSetBins(c, count);
		memcpy(c->bins, bins, sizeof(CalibrationBin) * count);
	}
	for (i = 0; i < count && !TextFailed(&reader); i++)
		ValidateBin(&c->bins[i], i, count, &source);
	if (!TextFailed(&reader))
		ValidateCalibration(c, &source);
	if (TextFailed(&reader))
		PG_RETURN_NULL();
	PG_RETURN_CALIBRATION(c);
}

static char *
CalibrationToText(const Calibration *c)
{
	StringInfoData buf;
	int			i;

	TextBegin(&buf, &calibration_kind);
	TextBeginArray(&buf, "bins");
	for (i = 0; i < c->count; i++)
	{
		TextBeginObject(&buf, NULL);
		TextWriteInt(&buf, "rows", c->bins[i].rows);
		TextWriteInt(&buf, "positives", c->bins[i].positives);
		TextWriteFloat(&buf, "sum", c->bins[i].sum);
		TextWriteFloat(&buf, "variance", c->bins[i].variance);
		TextEndObject(&buf);
	}
	TextEndArray(&buf);
	return TextFinish(&buf);
}

PG_FUNCTION_INFO_V1(calibration_out);

/* state to text form */
PGDLLEXPORT Datum
calibration_out(PG_FUNCTION_ARGS)
{
	PG_RETURN_CSTRING(CalibrationToText(PG_GETARG_CALIBRATION(0)));
}

PG_FUNCTION_INFO_V1(calibration_recv);

/* binary form to state */
PGDLLEXPORT Datum
calibration_recv(PG_FUNCTION_ARGS)
{
	WireReader	reader;

	(void) StateOpenMessage(&reader, (StringInfo) PG_GETARG_POINTER(0), &calibration_kind);
	PG_RETURN_CALIBRATION(CalibrationRead(&reader, CurrentMemoryContext));
}

PG_FUNCTION_INFO_V1(calibration_send);

/* state to binary form, which is what is stored */
PGDLLEXPORT Datum
calibration_send(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(CalibrationToState(PG_GETARG_CALIBRATION(0)));
}

PG_FUNCTION_INFO_V1(calibration_to_jsonb);

/* cast to jsonb */
PGDLLEXPORT Datum
calibration_to_jsonb(PG_FUNCTION_ARGS)
{
	return TextToJsonb(CalibrationToText(PG_GETARG_CALIBRATION(0)));
}

static Calibration *
CalibrationFromArgument(FunctionCallInfo fcinfo)
{
	if (PG_ARGISNULL(0))
		return CalibrationNew(AggregateContext(fcinfo));
	return (Calibration *) PG_GETARG_POINTER(0);
}

static Datum
CalibrationTransition(FunctionCallInfo fcinfo, int count)
{
	Calibration *c = CalibrationFromArgument(fcinfo);
	double		p;
	bool		y;

	if (ReadPrediction(fcinfo, &p, &y))
	{
		CalibrationBin *bin;

		CalibrationSetBins(c, count);
		bin = &c->bins[CalibrationBinOf(p, count)];
		CountRow(&bin->rows);
		if (y)
			bin->positives++;
		bin->sum += p;
		bin->variance += p * (1.0 - p);
	}
	PG_RETURN_POINTER(c);
}

PG_FUNCTION_INFO_V1(calibration_accum);

/* one prediction and its outcome */
PGDLLEXPORT Datum
calibration_accum(PG_FUNCTION_ARGS)
{
	return CalibrationTransition(fcinfo, CALIBRATION_DEFAULT_BINS);
}

PG_FUNCTION_INFO_V1(calibration_accum_bins);

/* the same with the number of bins */
PGDLLEXPORT Datum
calibration_accum_bins(PG_FUNCTION_ARGS)
{
	CheckNotNull(PG_ARGISNULL(3), "bins");
	CheckIntRange(PG_GETARG_INT32(3), 1, CALIBRATION_MAX_BINS, "bins");
	return CalibrationTransition(fcinfo, PG_GETARG_INT32(3));
}

PG_FUNCTION_INFO_V1(calibration_rollup_accum);

/* one stored state */
PGDLLEXPORT Datum
calibration_rollup_accum(PG_FUNCTION_ARGS)
{
	Calibration *c = CalibrationFromArgument(fcinfo);

	if (!PG_ARGISNULL(1))
		CalibrationMerge(c, PG_GETARG_CALIBRATION(1));
	PG_RETURN_POINTER(c);
}

PG_FUNCTION_INFO_V1(calibration_combine);

PGDLLEXPORT Datum
calibration_combine(PG_FUNCTION_ARGS)
{
	MemoryContext context = AggregateContext(fcinfo);
	Calibration *into = PG_ARGISNULL(0) ? NULL : (Calibration *) PG_GETARG_POINTER(0);

	if (PG_ARGISNULL(1))
	{
		if (into == NULL)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(into);
	}
	/* always a copy: the second state dies with the worker's tuple */
	if (into == NULL)
		into = CalibrationNew(context);
	CalibrationMerge(into, (const Calibration *) PG_GETARG_POINTER(1));
	PG_RETURN_POINTER(into);
}

PG_FUNCTION_INFO_V1(calibration_serialize);

PGDLLEXPORT Datum
calibration_serialize(PG_FUNCTION_ARGS)
{
	(void) AggregateContext(fcinfo);
	PG_RETURN_POINTER(CalibrationToState((Calibration *) PG_GETARG_POINTER(0)));
}

PG_FUNCTION_INFO_V1(calibration_deserialize);

PGDLLEXPORT Datum
calibration_deserialize(PG_FUNCTION_ARGS)
{
	(void) AggregateContext(fcinfo);
	PG_RETURN_POINTER(CalibrationFromState(PG_GETARG_VARLENA_PP(0), CurrentMemoryContext));
}

PG_FUNCTION_INFO_V1(calibration_final);

/* only reads */
PGDLLEXPORT Datum
calibration_final(PG_FUNCTION_ARGS)
{
	(void) AggregateContext(fcinfo);
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	PG_RETURN_CALIBRATION((Calibration *) PG_GETARG_POINTER(0));
}

static int64
CalibrationRows(const Calibration *c)
{
	int64		rows = 0;
	int			i;

	for (i = 0; i < c->count; i++)
		AddCount(&rows, c->bins[i].rows);
	return rows;
}

PG_FUNCTION_INFO_V1(calibration_evidence);

/* rows seen */
PGDLLEXPORT Datum
calibration_evidence(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT64(CalibrationRows(PG_GETARG_CALIBRATION(0)));
}

PG_FUNCTION_INFO_V1(calibration_bins);

/* one row per bin */
PGDLLEXPORT Datum
calibration_bins(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	Calibration *c = PG_GETARG_CALIBRATION(0);
	int			i;

	InitMaterializedSRF(fcinfo, 0);
	for (i = 0; i < c->count; i++)
	{
		const CalibrationBin *b = &c->bins[i];
		Datum		values[6];
		bool		nulls[6] = {false};

		nulls[3] = nulls[4] = nulls[5] = b->rows == 0;
		values[0] = Float8GetDatum((double) i / c->count);
		values[1] = Float8GetDatum((double) (i + 1) / c->count);
		values[2] = Int64GetDatum(b->rows);
		values[3] = Float8GetDatum(nulls[3] ? 0.0 : b->sum / b->rows);
		values[4] = Float8GetDatum(nulls[4] ? 0.0 : (double) b->positives / b->rows);
		values[5] = Float8GetDatum(nulls[5] ? 0.0 : sqrt(b->variance) / b->rows);
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
	return (Datum) 0;
}

PG_FUNCTION_INFO_V1(calibration_ece);

/* expected calibration error */
PGDLLEXPORT Datum
calibration_ece(PG_FUNCTION_ARGS)
{
	Calibration *c = PG_GETARG_CALIBRATION(0);
	int64		rows = CalibrationRows(c);
	double		error = 0.0;
	int			i;

	if (rows == 0)
		PG_RETURN_NULL();
	for (i = 0; i < c->count; i++)
		error += fabs(c->bins[i].sum - c->bins[i].positives);
	PG_RETURN_FLOAT8(error / rows);
}

PG_FUNCTION_INFO_V1(calibration_ece_noise);

/*
 * What a perfectly calibrated forecaster would show: the difference in a bin
 * then has mean 0 and variance sum p (1 - p), and E |N(0, s)| = s sqrt(2 / pi).
 */
PGDLLEXPORT Datum
calibration_ece_noise(PG_FUNCTION_ARGS)
{
	Calibration *c = PG_GETARG_CALIBRATION(0);
	int64		rows = CalibrationRows(c);
	double		noise = 0.0;
	int			i;

	if (rows == 0)
		PG_RETURN_NULL();
	for (i = 0; i < c->count; i++)
		noise += sqrt(2.0 / NUM_PI * Max(c->bins[i].variance, 0.0));
	PG_RETURN_FLOAT8(noise / rows);
}
