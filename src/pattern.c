/*
 * pattern.c
 *		The pattern family: in which of their buckets (hours, weekdays, lengths,
 *		kinds of content) a learner really scores better.
 *
 * State: per bucket and day (or for rows without a day) the number of rows and
 * the weighted moments of their scores.  Buckets are kept in byte order of
 * their names, days ascending.
 */
#include "postgres.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "common/int.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/datetime.h"

#include "agg.h"
#include "btwin.h"
#include "check.h"
#include "names.h"
#include "num.h"
#include "pattern_math.h"
#include "result.h"
#include "special.h"
#include "state.h"
#include "text.h"

/*
 * Layout
 */

#define PATTERN_VERSION 1
#define PATTERN_MAX_BUCKETS 1000
#define PATTERN_MAX_CELLS 20000

/* rows and three moments, with the day in front where there is one */
#define UNDATED_CELL_BYTES (8 + 3 * 8)
#define DATED_CELL_BYTES (4 + UNDATED_CELL_BYTES)

/* name length and one byte of name, mark of the undated cell, number of days */
#define PATTERN_MIN_BUCKET_BYTES (2 + 1 + 4)

/* 0001-01-01 and 9999-12-31 */
#define MIN_DAY (1721426 - POSTGRES_EPOCH_JDATE)
#define MAX_DAY (5373484 - POSTGRES_EPOCH_JDATE)
#define DAY_TEXT_BYTES 10

#define FIRST_CELLS 16
#define FIRST_INT_SLOTS 32

static const StateKind pattern_kind = {BTWIN_PATTERN, PATTERN_VERSION, "btwin.pattern"};

typedef struct Cell
{
	int32		bucket;			/* number in names */
	int32		day;			/* since 2000-01-01, or PATTERN_NO_DAY */
	int64		rows;
	NumMoments	scores;			/* n is the sum of weights */
} Cell;

/* From an integer to the number of the bucket of that name: no formatting per row. */
typedef struct IntSlot
{
	int32		key;
	int32		bucket;			/* bucket + 1, 0 = empty */
} IntSlot;

typedef struct Pattern
{
	MemoryContext context;
	NameTable	names;
	Cell	   *cells;
	int			count;
	int			capacity;
	int32	   *slots;			/* of (bucket, day): cell + 1, 0 = empty */
	uint32		mask;
	int			last;			/* cell found last, -1 before the first */
	IntSlot    *ints;			/* NULL until an integer comes */
	uint32		int_mask;
	int			int_count;
} Pattern;

static Pattern *
PatternNew(MemoryContext context)
{
	Pattern    *pattern = MemoryContextAlloc(context, sizeof(Pattern));

	pattern->context = context;
	NamesInit(&pattern->names, context);
	pattern->capacity = FIRST_CELLS;
	pattern->cells = MemoryContextAlloc(context, sizeof(Cell) * FIRST_CELLS);
	pattern->count = 0;
	pattern->slots = MemoryContextAllocZero(context, sizeof(int32) * 2 * FIRST_CELLS);
	pattern->mask = 2 * FIRST_CELLS - 1;
	pattern->last = -1;
	pattern->ints = NULL;
	pattern->int_mask = 0;
	pattern->int_count = 0;
	return pattern;
}

static int
PatternBucket(Pattern *pattern, const char *name, size_t length)
{
	bool		added;
	int			bucket = NamesAdd(&pattern->names, name, length, &added);

	if (added)
		CheckBound(pattern->names.count, PATTERN_MAX_BUCKETS, "buckets",
				   "Use coarser buckets.");
	return bucket;
}

static void
IntSlotsInit(Pattern *pattern, uint32 slots)
{
	pattern->ints = MemoryContextAllocZero(pattern->context, sizeof(IntSlot) * slots);
	pattern->int_mask = slots - 1;
}

static IntSlot *
IntSlotFor(const Pattern *pattern, int32 key)
{
	uint32		at = murmurhash32((uint32) key) & pattern->int_mask;

	while (pattern->ints[at].bucket != 0 && pattern->ints[at].key != key)
		at = (at + 1) & pattern->int_mask;
	return &pattern->ints[at];
}

static int
PatternIntBucket(Pattern *pattern, int32 key)
{
	IntSlot    *slot;
	char		name[12];

	if (pattern->ints == NULL)
		IntSlotsInit(pattern, FIRST_INT_SLOTS);
	slot = IntSlotFor(pattern, key);
	if (slot->bucket != 0)
		return slot->bucket - 1;

	if ((uint32) pattern->int_count * 2 > pattern->int_mask)
	{
		IntSlot    *old = pattern->ints;
		uint32		old_slots = pattern->int_mask + 1;
		uint32		i;

		IntSlotsInit(pattern, old_slots * 2);
		for (i = 0; i < old_slots; i++)
			if (old[i].bucket != 0)
				*IntSlotFor(pattern, old[i].key) = old[i];
		pfree(old);
		slot = IntSlotFor(pattern, key);
	}
	slot->bucket = PatternBucket(pattern, name, pg_ltoa(key, name)) + 1;
	slot->key = key;
	pattern->int_count++;
	return slot->bucket - 1;
}

static inline uint32
CellHash(int32 bucket, int32 day)
{
	return murmurhash32(((uint32) bucket * 0x9E3779B1U) ^ (uint32) day);
}

/* The cell of that bucket and day, made empty when it is not there. */
static Cell *
PatternCellFor(Pattern *pattern, int32 bucket, int32 day)
{
	uint32		at;
	Cell	   *cell;

	if (pattern->last >= 0)
	{
		cell = &pattern->cells[pattern->last];
		if (cell->bucket == bucket && cell->day == day)
			return cell;
	}
	at = CellHash(bucket, day) & pattern->mask;
	for (; pattern->slots[at] != 0; at = (at + 1) & pattern->mask)
	{
		cell = &pattern->cells[pattern->slots[at] - 1];
		if (cell->bucket == bucket && cell->day == day)
		{
			pattern->last = pattern->slots[at] - 1;
			return cell;
		}
	}

	CheckBound((int64) pattern->count + 1, PATTERN_MAX_CELLS,
			   "pairs of bucket and day",
			   "Use coarser buckets, fewer days or the form without a day.");
	if (pattern->count == pattern->capacity)
	{
		int			i;

		pattern->capacity *= 2;
		pattern->cells = repalloc(pattern->cells, sizeof(Cell) * pattern->capacity);
		pfree(pattern->slots);
		pattern->slots = MemoryContextAllocZero(pattern->context,
												sizeof(int32) * 2 * pattern->capacity);
		pattern->mask = 2 * pattern->capacity - 1;
		for (i = 0; i < pattern->count; i++)
		{
			at = CellHash(pattern->cells[i].bucket, pattern->cells[i].day) & pattern->mask;
			while (pattern->slots[at] != 0)
				at = (at + 1) & pattern->mask;
			pattern->slots[at] = i + 1;
		}
		at = CellHash(bucket, day) & pattern->mask;
		while (pattern->slots[at] != 0)
			at = (at + 1) & pattern->mask;
	}
	pattern->last = pattern->count++;
	pattern->slots[at] = pattern->count;
	cell = &pattern->cells[pattern->last];
	memset(cell, 0, sizeof(Cell));
	cell->bucket = bucket;
	cell->day = day;
	return cell;
}

static void
CellMerge(Cell *into, const Cell *from)
{
	if (pg_add_s64_overflow(into->rows, from->rows, &into->rows))
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many rows in one state")));
	num_moments_merge(&into->scores, &from->scores);
}

static void
PatternMerge(Pattern *into, const Pattern *from)
{
	int		   *number = palloc(sizeof(int) * Max(from->names.count, 1));
	int			i;

	for (i = 0; i < from->names.count; i++)
	{
		const NameEntry *name = &from->names.names[i];

		number[i] = PatternBucket(into, name->bytes, name->length);
	}
	for (i = 0; i < from->count; i++)
		CellMerge(PatternCellFor(into, number[from->cells[i].bucket], from->cells[i].day),
				  &from->cells[i]);
	pfree(number);
}

/* Sums of finite numbers can still leave the range of a double. */
static void
CheckCellInRange(const Cell *cell, const char *name)
{
	if (!num_moments_is_finite(&cell->scores))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("scores of bucket \"%s\" are out of range", name),
				 errdetail("Their sum or sum of squares overflows double precision."),
				 errhint("Rescale the scores.")));
}

static void
CheckDay(DateADT day)
{
	if (unlikely(day < MIN_DAY || day > MAX_DAY))
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("\"day\" must be between 0001-01-01 and 9999-12-31"),
				 errdetail("Found %s.", DATE_NOT_FINITE(day) ?
						   (DATE_IS_NOBEGIN(day) ? "-infinity" : "infinity") :
						   day < MIN_DAY ? "an earlier day" : "a later day"),
				 errhint("Leave such rows out or pass NULL, which is skipped.")));
}

/* What any cell of a valid state obeys; shared by both input forms. */
static void
ValidateCell(const Cell *cell, const StateSource *source)
{
	const NumMoments *s = &cell->scores;

	if (cell->rows < 1)
		StateInvalid(source, "a bucket's day has no rows");
	else if (s->n < 0 || s->sxx < 0)
		StateInvalid(source, "a bucket's moments contradict each other");
	else if (s->n == 0 && (s->sx != 0 || s->sxx != 0))
		StateInvalid(source, "rows of no weight have scores");
	else if (cell->rows == 1 && s->sxx != 0)
		StateInvalid(source, "a single row deviates from itself");
}

/*
 * Input and output
 */

/* Cells by bucket in byte order, then by day; those without a day come first. */
typedef struct CellOrder
{
	const Cell *cells;
	const int  *rank;			/* of a bucket's number */
} CellOrder;

static int
CompareCells(const void *a, const void *b, void *arg)
{
	const CellOrder *order = arg;
	const Cell *left = &order->cells[*(const int *) a];
	const Cell *right = &order->cells[*(const int *) b];

	if (left->bucket != right->bucket)
		return order->rank[left->bucket] < order->rank[right->bucket] ? -1 : 1;
	return left->day < right->day ? -1 : left->day > right->day ? 1 : 0;
}

static int *
PatternSorted(const Pattern *pattern, const int *buckets)
{
	int		   *rank = palloc(sizeof(int) * Max(pattern->names.count, 1));
	int		   *order = palloc(sizeof(int) * Max(pattern->count, 1));
	CellOrder	by = {pattern->cells, rank};
	int			i;

	for (i = 0; i < pattern->names.count; i++)
		rank[buckets[i]] = i;
	for (i = 0; i < pattern->count; i++)
		order[i] = i;
	qsort_arg(order, pattern->count, sizeof(int), CompareCells, &by);
	pfree(rank);
	return order;
}

static void
WriteCell(StringInfo buf, const Cell *cell)
{
	WireWriteInt64(buf, cell->rows);
	WireWriteFloat(buf, cell->scores.n);
	WireWriteFloat(buf, cell->scores.sx);
	WireWriteFloat(buf, cell->scores.sxx);
}

static struct varlena *
PatternToState(const Pattern *pattern)
{
	StringInfoData buf;
	int		   *buckets = NamesSorted(&pattern->names);
	int		   *order = PatternSorted(pattern, buckets);
	int			at = 0;
	int			i;

	StateBegin(&buf, &pattern_kind);
	WireWriteInt32(&buf, pattern->names.count);
	for (i = 0; i < pattern->names.count; i++)
	{
		const NameEntry *name = &pattern->names.names[buckets[i]];
		int			end = at;
		bool		undated;

		while (end < pattern->count &&
			   pattern->cells[order[end]].bucket == buckets[i])
		{
			CheckCellInRange(&pattern->cells[order[end]], name->bytes);
			end++;
		}
		undated = at < end && pattern->cells[order[at]].day == PATTERN_NO_DAY;
		WireWriteName(&buf, name->bytes, name->length);
		WireWriteByte(&buf, undated ? 1 : 0);
		if (undated)
			WriteCell(&buf, &pattern->cells[order[at++]]);
		WireWriteInt32(&buf, end - at);
		for (; at < end; at++)
		{
			WireWriteInt32(&buf, pattern->cells[order[at]].day);
			WriteCell(&buf, &pattern->cells[order[at]]);
		}
	}
	pfree(buckets);
	pfree(order);
	return StateFinish(&buf);
}

static void
ReadCell(WireReader *reader, Pattern *pattern, int bucket, int32 day)
{
	StateSource source = {reader, NULL};
	Cell		read = {bucket, day, 0, {0, 0, 0}};

	read.rows = WireReadInt64(reader);
	read.scores.n = WireReadFloat(reader);
	read.scores.sx = WireReadFloat(reader);
	read.scores.sxx = WireReadFloat(reader);
	ValidateCell(&read, &source);
	if (pattern->count == PATTERN_MAX_CELLS)
		WireInvalid(reader, psprintf("it has more than %d pairs of bucket and day",
									 PATTERN_MAX_CELLS));
	*PatternCellFor(pattern, bucket, day) = read;
}

/* The fields after the header.  Buckets come out numbered in byte order. */
static Pattern *
PatternRead(WireReader *reader, MemoryContext context)
{
	Pattern    *pattern = PatternNew(context);
	int			count = WireReadCount(reader, PATTERN_MAX_BUCKETS,
									  PATTERN_MIN_BUCKET_BYTES, "buckets");
	const char *previous = NULL;
	size_t		previous_length = 0;
	int			i,
				d;

	for (i = 0; i < count; i++)
	{
		size_t		length;
		char	   *name = WireReadName(reader, &length);
		int			bucket;
		int			undated;
		int			days;
		int32		last = PATTERN_NO_DAY;

		if (previous != NULL &&
			NameCompare(previous, previous_length, name, length) >= 0)
			WireInvalid(reader, "its buckets are not in ascending order");
		bucket = PatternBucket(pattern, name, length);
		undated = WireReadByte(reader);
		if (undated > 1)
			WireInvalid(reader, "a bucket's mark is neither 0 nor 1");
		if (undated == 1)
			ReadCell(reader, pattern, bucket, PATTERN_NO_DAY);
		days = WireReadCount(reader, PATTERN_MAX_CELLS, DATED_CELL_BYTES, "days");
		if (undated == 0 && days == 0)
			WireInvalid(reader, "a bucket has no rows");
		for (d = 0; d < days; d++)
		{
			int32		day = WireReadInt32(reader);

			CHECK_FOR_INTERRUPTS();
			if (day < MIN_DAY || day > MAX_DAY)
				WireInvalid(reader, "a day is not between 0001-01-01 and 9999-12-31");
			if (day <= last)
				WireInvalid(reader, "a bucket's days are not in ascending order");
			ReadCell(reader, pattern, bucket, day);
			last = day;
		}
		previous = name;
		previous_length = length;
	}
	WireReadEnd(reader);
	return pattern;
}

static Pattern *
PatternFromState(struct varlena *value, MemoryContext context)
{
	WireReader	reader;

	(void) StateOpen(&reader, value, &pattern_kind);
	return PatternRead(&reader, context);
}

#define PG_GETARG_PATTERN(n) \
	PatternFromState(PG_GETARG_VARLENA_PP(n), CurrentMemoryContext)
#define PG_RETURN_PATTERN(pattern) \
	PG_RETURN_POINTER(PatternToState(pattern))

static void
DayToText(int32 day, char *text)
{
	int			year,
				month,
				mday;

	j2date(day + POSTGRES_EPOCH_JDATE, &year, &month, &mday);
	snprintf(text, DAY_TEXT_BYTES + 1, "%04d-%02d-%02d", year, month, mday);
}

/* The exact mirror image of DayToText; false for anything else. */
static bool
DayFromText(const char *text, int32 *day)
{
	char		again[DAY_TEXT_BYTES + 1];
	int			number[3] = {0, 0, 0};
	int			field = 0;
	int			i;

	if (strlen(text) != DAY_TEXT_BYTES)
		return false;
	for (i = 0; i < DAY_TEXT_BYTES; i++)
	{
		if (i == 4 || i == 7)
		{
			if (text[i] != '-')
				return false;
			field++;
		}
		else if (text[i] >= '0' && text[i] <= '9')
			number[field] = number[field] * 10 + (text[i] - '0');
		else
			return false;
	}
	if (number[0] < 1 || number[1] < 1 || number[1] > 12 ||
		number[2] < 1 || number[2] > 31)
		return false;
	*day = date2j(number[0], number[1], number[2]) - POSTGRES_EPOCH_JDATE;
	DayToText(*day, again);
	return strcmp(text, again) == 0;
}

/* The fields of a cell, and the end of its object. */
static bool
TextReadCell(TextReader *reader, Pattern *pattern, int bucket, int32 day)
{
	StateSource source = {NULL, reader};
	Cell		read = {bucket, day, 0, {0, 0, 0}};

	read.rows = TextReadInt(reader, "rows", 0, PG_INT64_MAX);
	read.scores.n = TextReadFloat(reader, "weight");
	read.scores.sx = TextReadFloat(reader, "sum");
	read.scores.sxx = TextReadFloat(reader, "squared_deviations");
	TextReadObjectEnd(reader);
	if (!TextFailed(reader))
		ValidateCell(&read, &source);
	if (!TextFailed(reader) && pattern->count == PATTERN_MAX_CELLS)
		TextInvalid(reader, psprintf("it has more than %d pairs of bucket and day",
									 PATTERN_MAX_CELLS));
	if (TextFailed(reader))
		return false;
	*PatternCellFor(pattern, bucket, day) = read;
	return true;
}

PG_FUNCTION_INFO_V1(pattern_in);

/* text form to state */
PGDLLEXPORT Datum
pattern_in(PG_FUNCTION_ARGS)
{
	TextReader	reader;
	Pattern    *pattern = PatternNew(CurrentMemoryContext);
	char	   *previous = NULL;
	int			count = 0;

	(void) TextOpen(&reader, PG_GETARG_CSTRING(0), &pattern_kind, fcinfo->context);
	TextReadArray(&reader, "buckets");
	while (TextReadMore(&reader, count))
	{
		char	   *name;
		int			bucket;
		int			undated = 0;
		int			days = 0;
		int32		last = PATTERN_NO_DAY;

		CHECK_FOR_INTERRUPTS();
		TextReadObject(&reader, NULL);
		name = TextReadString(&reader, "bucket", BTWIN_MAX_NAME_BYTES);
		if (TextFailed(&reader))
			PG_RETURN_NULL();
		if (name[0] == '\0')
			TextInvalid(&reader, "a bucket has an empty name");
		else if (previous != NULL &&
				 NameCompare(previous, strlen(previous), name, strlen(name)) >= 0)
			TextInvalid(&reader, "its buckets are not in ascending order");
		else if (count == PATTERN_MAX_BUCKETS)
			TextInvalid(&reader, psprintf("it has more than %d buckets",
										  PATTERN_MAX_BUCKETS));
		if (TextFailed(&reader))
			PG_RETURN_NULL();
		bucket = PatternBucket(pattern, name, strlen(name));

		TextReadArray(&reader, "undated");
		while (TextReadMore(&reader, undated))
		{
			if (undated == 1)
				TextInvalid(&reader, "a bucket has more than one undated entry");
			TextReadObject(&reader, NULL);
			if (!TextReadCell(&reader, pattern, bucket, PATTERN_NO_DAY))
				PG_RETURN_NULL();
			undated++;
		}
		TextReadArray(&reader, "days");
		while (TextReadMore(&reader, days))
		{
			char	   *text;
			int32		day = 0;

			CHECK_FOR_INTERRUPTS();
			TextReadObject(&reader, NULL);
			text = TextReadString(&reader, "day", BTWIN_MAX_NAME_BYTES);
			if (TextFailed(&reader))
				PG_RETURN_NULL();
			if (!DayFromText(text, &day))
				TextInvalid(&reader, "a day is not written as YYYY-MM-DD");
			else if (day <= last)
				TextInvalid(&reader, "a bucket's days are not in ascending order");
			if (!TextReadCell(&reader, pattern, bucket, day))
				PG_RETURN_NULL();
			last = day;
			days++;
		}
		TextReadObjectEnd(&reader);
		if (!TextFailed(&reader) && undated == 0 && days == 0)
			TextInvalid(&reader, "a bucket has no rows");
		if (TextFailed(&reader))
			PG_RETURN_NULL();
		previous = name;
		count++;
	}
	TextReadEnd(&reader);
	if (TextFailed(&reader))
		PG_RETURN_NULL();
	PG_RETURN_PATTERN(pattern);
}

static void
TextWriteCell(StringInfo buf, const Cell *cell)
{
	char		day[DAY_TEXT_BYTES + 1];

	TextBeginObject(buf, NULL);
	if (cell->day != PATTERN_NO_DAY)
	{
		DayToText(cell->day, day);
		TextWriteString(buf, "day", day);
	}
	TextWriteInt(buf, "rows", cell->rows);
	TextWriteFloat(buf, "weight", cell->scores.n);
	TextWriteFloat(buf, "sum", cell->scores.sx);
	TextWriteFloat(buf, "squared_deviations", cell->scores.sxx);
	TextEndObject(buf);
}

/* Of a pattern just read: buckets and cells are in order. */
static char *
PatternToText(const Pattern *pattern)
{
	StringInfoData buf;
	int			at = 0;
	int			i;

	TextBegin(&buf, &pattern_kind);
	TextBeginArray(&buf, "buckets");
	for (i = 0; i < pattern->names.count; i++)
	{
		TextBeginObject(&buf, NULL);
		TextWriteString(&buf, "bucket", pattern->names.names[i].bytes);
		TextBeginArray(&buf, "undated");
		if (pattern->cells[at].day == PATTERN_NO_DAY)
			TextWriteCell(&buf, &pattern->cells[at++]);
		TextEndArray(&buf);
		TextBeginArray(&buf, "days");
		for (; at < pattern->count && pattern->cells[at].bucket == i; at++)
			TextWriteCell(&buf, &pattern->cells[at]);
		TextEndArray(&buf);
		TextEndObject(&buf);
	}
	TextEndArray(&buf);
	return TextFinish(&buf);
}

PG_FUNCTION_INFO_V1(pattern_out);

/* state to text form */
PGDLLEXPORT Datum
pattern_out(PG_FUNCTION_ARGS)
{
	PG_RETURN_CSTRING(PatternToText(PG_GETARG_PATTERN(0)));
}

PG_FUNCTION_INFO_V1(pattern_recv);

/* binary form to state */
PGDLLEXPORT Datum
pattern_recv(PG_FUNCTION_ARGS)
{
	WireReader	reader;

	(void) StateOpenMessage(&reader, (StringInfo) PG_GETARG_POINTER(0), &pattern_kind);
	PG_RETURN_PATTERN(PatternRead(&reader, CurrentMemoryContext));
}

PG_FUNCTION_INFO_V1(pattern_send);

/* state to binary form, which is what is stored */
PGDLLEXPORT Datum
pattern_send(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(PatternToState(PG_GETARG_PATTERN(0)));
}

PG_FUNCTION_INFO_V1(pattern_to_jsonb);

/* cast to jsonb */
PGDLLEXPORT Datum
pattern_to_jsonb(PG_FUNCTION_ARGS)
{
	return TextToJsonb(PatternToText(PG_GETARG_PATTERN(0)));
}

/*
 * Transition
 *
 * Arguments: state, bucket, score, and where the form has them day and weight.
 */

static Datum
PatternAccum(FunctionCallInfo fcinfo, bool by_int, int day_arg, int weight_arg)
{
	Pattern    *pattern = PG_ARGISNULL(0) ? NULL : (Pattern *) PG_GETARG_POINTER(0);
	int32		day = PATTERN_NO_DAY;
	double		weight = 1.0;
	double		score;
	int			bucket;
	Cell	   *cell;

	if (pattern == NULL)
		pattern = PatternNew(AggregateContext(fcinfo));
	if (PG_ARGISNULL(1) || PG_ARGISNULL(2) ||
		(day_arg > 0 && PG_ARGISNULL(day_arg)) ||
		(weight_arg > 0 && PG_ARGISNULL(weight_arg)))
		PG_RETURN_POINTER(pattern);

	score = PG_GETARG_FLOAT8(2);
	CheckFinite(score, "score");
	if (day_arg > 0)
	{
		day = PG_GETARG_DATEADT(day_arg);
		CheckDay(day);
	}
	if (weight_arg > 0)
	{
		weight = PG_GETARG_FLOAT8(weight_arg);
		CheckNotNegative(weight, "weight");
	}
	if (by_int)
		bucket = PatternIntBucket(pattern, PG_GETARG_INT32(1));
	else
	{
		text	   *name = PG_GETARG_TEXT_PP(1);

		CheckNameLength(VARSIZE_ANY_EXHDR(name), "bucket");
		bucket = PatternBucket(pattern, VARDATA_ANY(name), VARSIZE_ANY_EXHDR(name));
	}
	cell = PatternCellFor(pattern, bucket, day);
	cell->rows++;
	num_moments_add(&cell->scores, score, weight);
	PG_RETURN_POINTER(pattern);
}

PG_FUNCTION_INFO_V1(pattern_accum);

/* one row: bucket, score */
PGDLLEXPORT Datum
pattern_accum(PG_FUNCTION_ARGS)
{
	return PatternAccum(fcinfo, false, 0, 0);
}

PG_FUNCTION_INFO_V1(pattern_accum_weighted);

/* one row: bucket, score, weight */
PGDLLEXPORT Datum
pattern_accum_weighted(PG_FUNCTION_ARGS)
{
	return PatternAccum(fcinfo, false, 0, 3);
}

PG_FUNCTION_INFO_V1(pattern_accum_day);

/* one row: bucket, score, day */
PGDLLEXPORT Datum
pattern_accum_day(PG_FUNCTION_ARGS)
{
	return PatternAccum(fcinfo, false, 3, 0);
}

PG_FUNCTION_INFO_V1(pattern_accum_day_weighted);

/* one row: bucket, score, day, weight */
PGDLLEXPORT Datum
pattern_accum_day_weighted(PG_FUNCTION_ARGS)
{
	return PatternAccum(fcinfo, false, 3, 4);
}

PG_FUNCTION_INFO_V1(pattern_accum_int);

/* the same four for integer buckets */
PGDLLEXPORT Datum
pattern_accum_int(PG_FUNCTION_ARGS)
{
	return PatternAccum(fcinfo, true, 0, 0);
}

PG_FUNCTION_INFO_V1(pattern_accum_int_weighted);

PGDLLEXPORT Datum
pattern_accum_int_weighted(PG_FUNCTION_ARGS)
{
	return PatternAccum(fcinfo, true, 0, 3);
}

PG_FUNCTION_INFO_V1(pattern_accum_int_day);

PGDLLEXPORT Datum
pattern_accum_int_day(PG_FUNCTION_ARGS)
{
	return PatternAccum(fcinfo, true, 3, 0);
}

PG_FUNCTION_INFO_V1(pattern_accum_int_day_weighted);

PGDLLEXPORT Datum
pattern_accum_int_day_weighted(PG_FUNCTION_ARGS)
{
	return PatternAccum(fcinfo, true, 3, 4);
}

PG_FUNCTION_INFO_V1(pattern_rollup_accum);

/* one stored state */
PGDLLEXPORT Datum
pattern_rollup_accum(PG_FUNCTION_ARGS)
{
	MemoryContext context = AggregateContext(fcinfo);
	Pattern    *into = PG_ARGISNULL(0) ? NULL : (Pattern *) PG_GETARG_POINTER(0);

	if (into == NULL)
		into = PatternNew(context);
	if (!PG_ARGISNULL(1))
		PatternMerge(into, PG_GETARG_PATTERN(1));
	PG_RETURN_POINTER(into);
}

/*
 * Combine, serial pair, final
 */

PG_FUNCTION_INFO_V1(pattern_combine);

PGDLLEXPORT Datum
pattern_combine(PG_FUNCTION_ARGS)
{
	MemoryContext context = AggregateContext(fcinfo);
	Pattern    *into = PG_ARGISNULL(0) ? NULL : (Pattern *) PG_GETARG_POINTER(0);

	if (PG_ARGISNULL(1))
	{
		if (into == NULL)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(into);
	}
	/* always a copy: the second state dies with the worker's tuple */
	if (into == NULL)
		into = PatternNew(context);
	PatternMerge(into, (Pattern *) PG_GETARG_POINTER(1));
	PG_RETURN_POINTER(into);
}

PG_FUNCTION_INFO_V1(pattern_serialize);

PGDLLEXPORT Datum
pattern_serialize(PG_FUNCTION_ARGS)
{
	(void) AggregateContext(fcinfo);
	PG_RETURN_POINTER(PatternToState((Pattern *) PG_GETARG_POINTER(0)));
}

PG_FUNCTION_INFO_V1(pattern_deserialize);

PGDLLEXPORT Datum
pattern_deserialize(PG_FUNCTION_ARGS)
{
	(void) AggregateContext(fcinfo);
	PG_RETURN_POINTER(PatternFromState(PG_GETARG_VARLENA_PP(0), CurrentMemoryContext));
}

PG_FUNCTION_INFO_V1(pattern_final);

/* only reads: a window calls it many times over one state */
PGDLLEXPORT Datum
pattern_final(PG_FUNCTION_ARGS)
{
	(void) AggregateContext(fcinfo);
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	PG_RETURN_PATTERN((Pattern *) PG_GETARG_POINTER(0));
}

/*
 * Analysis: a state's cells fitted, with one family of sets weighed
 */

typedef struct Analysis
{
	PatternFit	fit;
	int			count;			/* of cells, by day, then bucket */
	PatternCell *cells;
	int			sets_count;		/* 0 where the status is not PATTERN_OK */
	PatternSet *sets;
	double	   *confidence;		/* per bucket */
	double	   *level;
} Analysis;

static int
CompareByDay(const void *a, const void *b)
{
	const PatternCell *left = a;
	const PatternCell *right = b;

	if (left->day != right->day)
		return left->day < right->day ? -1 : 1;
	return left->bucket < right->bucket ? -1 : left->bucket > right->bucket ? 1 : 0;
}

/* "position" says where a bucket of the state goes among "buckets". */
static void
AnalysisFit(Analysis *analysis, const Pattern *pattern, const int *position,
			int buckets, bool changes)
{
	PatternCell *judged;
	int			i;

	memset(analysis, 0, sizeof(*analysis));
	analysis->count = pattern->count;
	analysis->cells = palloc(sizeof(PatternCell) * Max(pattern->count, 1));
	for (i = 0; i < pattern->count; i++)
	{
		const Cell *from = &pattern->cells[i];
		PatternCell *to = &analysis->cells[i];

		to->bucket = position == NULL ? from->bucket : position[from->bucket];
		to->day = from->day;
		to->rows = from->rows;
		to->weight = from->scores.n;
		to->sum = from->scores.sx;
		to->squares = from->scores.sxx;
	}
	qsort(analysis->cells, analysis->count, sizeof(PatternCell), CompareByDay);
	CHECK_FOR_INTERRUPTS();

	/* the cells themselves are shown as they are */
	judged = palloc(sizeof(PatternCell) * Max(analysis->count, 1));
	memcpy(judged, analysis->cells, sizeof(PatternCell) * analysis->count);
	pattern_discount(judged, analysis->count);
	pattern_fit(&analysis->fit, judged, analysis->count, buckets, changes,
				palloc(sizeof(double) * pattern_fit_doubles(analysis->count, buckets)));
	CHECK_FOR_INTERRUPTS();
	if (analysis->fit.status == PATTERN_OUT_OF_RANGE)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("scores or weights of the state are out of range"),
				 errdetail("Their sums over all buckets overflow double precision, or the weights exceed %g.",
						   PATTERN_MAX_WEIGHT),
				 errhint("Rescale them.")));
}

static void
AnalysisConclude(Analysis *analysis)
{
	analysis->confidence = palloc(sizeof(double) * analysis->fit.buckets);
	analysis->level = palloc(sizeof(double) * analysis->fit.buckets);
	pattern_posterior(&analysis->fit, analysis->sets, analysis->sets_count, true);
	CHECK_FOR_INTERRUPTS();
	pattern_confidences(&analysis->fit, analysis->sets, analysis->sets_count,
						analysis->confidence, analysis->level);
}

/* Any buckets: groups of one, of two, of all but one. */
static void
AnalyseGroups(Analysis *analysis, const Pattern *pattern)
{
	int			buckets = pattern->names.count;

	AnalysisFit(analysis, pattern, NULL, buckets, true);
	if (analysis->fit.status != PATTERN_OK)
		return;
	analysis->sets_count = pattern_groups(buckets, NULL);
	analysis->sets = palloc(sizeof(PatternSet) * analysis->sets_count);
	(void) pattern_groups(buckets, analysis->sets);
	AnalysisConclude(analysis);
}

/* Buckets 0 .. modulus - 1 on a circle: windows of "width". */
static void
AnalyseWindows(Analysis *analysis, const Pattern *pattern, int width, int modulus)
{
	int		   *position = palloc(sizeof(int) * Max(pattern->names.count, 1));
	int			i;

	CheckIntRange(modulus, 2, PATTERN_MAX_BUCKETS, "modulus");
	CheckIntRange(width, 1, modulus - 1, "width");
	for (i = 0; i < pattern->names.count; i++)
	{
		const char *name = pattern->names.names[i].bytes;
		char		again[12];

		/* only the form that integer buckets have: "07" is another bucket */
		position[i] = atoi(name);
		(void) pg_ltoa(position[i], again);
		if (strcmp(name, again) != 0 || position[i] < 0 || position[i] >= modulus)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("buckets must be integers between 0 and %d", modulus - 1),
					 errdetail("Found bucket \"%s\".", name),
					 errhint("Windows are looked for on a circle of \"modulus\" buckets, such as the 24 hours of a day.")));
	}
	AnalysisFit(analysis, pattern, position, modulus, true);
	if (analysis->fit.status != PATTERN_OK)
		return;
	analysis->sets_count = pattern_windows(&analysis->fit, width, NULL);
	analysis->sets = palloc(sizeof(PatternSet) * analysis->sets_count);
	(void) pattern_windows(&analysis->fit, width, analysis->sets);
	AnalysisConclude(analysis);
}

/* The set of one bucket, whatever sets are weighed. */
static PatternSet
SingleBucket(int bucket)
{
	PatternSet	set;

	memset(&set, 0, sizeof(set));
	set.kind = PATTERN_ONE;
	set.a = bucket;
	return set;
}

/* Rows of the set's buckets, and on how many days. */
static void
CountEvidence(const Analysis *analysis, const PatternSet *set,
			  int64 *rows, int64 *days)
{
	int32		last = PATTERN_NO_DAY;
	int			i;

	*rows = *days = 0;
	for (i = 0; i < analysis->count; i++)
	{
		const PatternCell *cell = &analysis->cells[i];

		if (!pattern_claims(set, cell->bucket, analysis->fit.buckets))
			continue;
		*rows += cell->rows;
		if (cell->day != PATTERN_NO_DAY && cell->day != last)
			(*days)++;
		last = cell->day;
	}
}

/* Words for a status; NULL when there is something to compare. */
static const char *
StatusReason(PatternStatus status)
{
	switch (status)
	{
		case PATTERN_NO_EVIDENCE:
			return "no_evidence";
		case PATTERN_FEW_ROWS:
			return "too_few_rows";
		case PATTERN_ONE_BUCKET:
			return "one_bucket";
		case PATTERN_NO_VARIATION:
			return "no_variation";
		default:
			return NULL;
	}
}

#define REASON_NO_HABIT "no_habit"

static void
SetFloat(Datum *values, bool *nulls, int at, double value)
{
	nulls[at] = !num_is_finite(value);
	values[at] = Float8GetDatum(nulls[at] ? 0.0 : value);
}

static void
SetText(Datum *values, bool *nulls, int at, const char *value)
{
	nulls[at] = value == NULL;
	values[at] = nulls[at] ? (Datum) 0 : CStringGetTextDatum(value);
}

/*
 * q-values after Benjamini and Hochberg of the effects that exist; NaN for the
 * others.
 */
static double *
QValues(const PatternEffect *effects, int count)
{
	double	   *result = palloc(sizeof(double) * Max(count, 1));
	double	   *p = palloc(sizeof(double) * Max(count, 1));
	size_t	   *order = palloc(sizeof(size_t) * Max(count, 1));
	int			tested = 0;
	int			i;

	for (i = 0; i < count; i++)
		if (!isnan(effects[i].p_value))
			p[tested++] = effects[i].p_value;
	(void) special_bh_adjust(p, tested, order);
	tested = 0;
	for (i = 0; i < count; i++)
		result[i] = isnan(effects[i].p_value) ? NAN : p[tested++];
	return result;
}

/*
 * Accessors
 */

#define BUCKETS_COLUMNS 12

static void
PutBuckets(FunctionCallInfo fcinfo, const Analysis *analysis, const Pattern *pattern)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	int			buckets = analysis->fit.buckets;
	bool		ok = analysis->sets_count > 0;
	PatternEffect *effects = palloc(sizeof(PatternEffect) * Max(buckets, 1));
	double	   *q;
	int			i;

	for (i = 0; i < buckets; i++)
	{
		PatternSet	set = SingleBucket(i);
		PatternEffect none = {NAN, NAN, NAN, NAN, NAN, NAN, NAN};

		effects[i] = ok ? pattern_effect(&analysis->fit, &set) : none;
	}
	q = QValues(effects, buckets);

	InitMaterializedSRF(fcinfo, 0);
	for (i = 0; i < buckets; i++)
	{
		Datum		values[BUCKETS_COLUMNS];
		bool		nulls[BUCKETS_COLUMNS] = {false};
		PatternSet	set = SingleBucket(i);
		double		sum = 0.0;
		double		weight = 0.0;
		int64		rows;
		int64		days;
		char		name[12];
		int			c;

		CHECK_FOR_INTERRUPTS();
		for (c = 0; c < analysis->count; c++)
			if (analysis->cells[c].bucket == i)
			{
				sum += analysis->cells[c].sum;
				weight += analysis->cells[c].weight;
			}
		CountEvidence(analysis, &set, &rows, &days);
		if (pattern != NULL)
			values[0] = CStringGetTextDatum(pattern->names.names[i].bytes);
		else
		{
			(void) pg_ltoa(i, name);
			values[0] = CStringGetTextDatum(name);
		}
		values[1] = Int64GetDatum(rows);
		values[2] = Int64GetDatum(days);
		values[3] = Float8GetDatum(weight);
		SetFloat(values, nulls, 4, weight > 0.0 ? sum / weight : NAN);
		SetFloat(values, nulls, 5, effects[i].effect);
		SetFloat(values, nulls, 6, effects[i].low);
		SetFloat(values, nulls, 7, effects[i].high);
		SetFloat(values, nulls, 8, ok ? pattern_shrunk_effect(&analysis->fit, &set,
															  analysis->level) : NAN);
		SetFloat(values, nulls, 9, effects[i].p_value);
		SetFloat(values, nulls, 10, q[i]);
		SetFloat(values, nulls, 11, ok ? analysis->confidence[i] : NAN);
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
}

PG_FUNCTION_INFO_V1(pattern_buckets);

/* one row per bucket */
PGDLLEXPORT Datum
pattern_buckets(PG_FUNCTION_ARGS)
{
	Pattern    *pattern = PG_GETARG_PATTERN(0);
	Analysis	analysis;

	AnalyseGroups(&analysis, pattern);
	PutBuckets(fcinfo, &analysis, pattern);
	return (Datum) 0;
}

PG_FUNCTION_INFO_V1(pattern_window_buckets);

/* one row per bucket of the circle, judged by windows */
PGDLLEXPORT Datum
pattern_window_buckets(PG_FUNCTION_ARGS)
{
	Analysis	analysis;

	AnalyseWindows(&analysis, PG_GETARG_PATTERN(0), PG_GETARG_INT32(1), PG_GETARG_INT32(2));
	PutBuckets(fcinfo, &analysis, NULL);
	return (Datum) 0;
}

/* The state's bucket of that name. */
static int
FindBucket(Pattern *pattern, const char *name)
{
	int			bucket = NamesFind(&pattern->names, name, strlen(name));

	if (bucket < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unknown bucket \"%s\"", name),
				 errdetail("The state has %d buckets and this is none of them.",
						   pattern->names.count),
				 errhint("buckets(pattern) lists them.")));
	return bucket;
}

/* Argument 1 as a bucket's name, given as text or as an integer. */
static char *
BucketArgument(FunctionCallInfo fcinfo, bool by_int)
{
	char	   *name;

	if (!by_int)
		return text_to_cstring(PG_GETARG_TEXT_PP(1));
	name = palloc(12);
	(void) pg_ltoa(PG_GETARG_INT32(1), name);
	return name;
}

static Datum
GroupConfidence(FunctionCallInfo fcinfo, bool by_int)
{
	Pattern    *pattern = PG_GETARG_PATTERN(0);
	Analysis	analysis;
	int			bucket;

	if (pattern->names.count == 0)
		PG_RETURN_NULL();
	bucket = FindBucket(pattern, BucketArgument(fcinfo, by_int));
	AnalyseGroups(&analysis, pattern);
	if (analysis.sets_count == 0)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(analysis.confidence[bucket]);
}

PG_FUNCTION_INFO_V1(pattern_confidence);

/* probability that the bucket is better */
PGDLLEXPORT Datum
pattern_confidence(PG_FUNCTION_ARGS)
{
	return GroupConfidence(fcinfo, false);
}

PG_FUNCTION_INFO_V1(pattern_confidence_int);

/* the same for an integer bucket */
PGDLLEXPORT Datum
pattern_confidence_int(PG_FUNCTION_ARGS)
{
	return GroupConfidence(fcinfo, true);
}

PG_FUNCTION_INFO_V1(pattern_window_confidence);

/* probability that the bucket lies in the better window */
PGDLLEXPORT Datum
pattern_window_confidence(PG_FUNCTION_ARGS)
{
	Analysis	analysis;
	int			bucket = PG_GETARG_INT32(1);

	AnalyseWindows(&analysis, PG_GETARG_PATTERN(0), PG_GETARG_INT32(2), PG_GETARG_INT32(3));
	CheckIntRange(bucket, 0, PG_GETARG_INT32(3) - 1, "bucket");
	if (analysis.sets_count == 0)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(analysis.confidence[bucket]);
}

/* The same columns in best_bucket() and best_window(), from "at" on. */
static void
SetClaim(Datum *values, bool *nulls, int at, const Analysis *analysis,
		 const PatternSet *set, const PatternEffect *effect, double q)
{
	double	   *work = palloc(sizeof(double) * analysis->fit.buckets);
	int64		rows;
	int64		days;

	CountEvidence(analysis, set, &rows, &days);
	SetFloat(values, nulls, at, effect->effect);
	SetFloat(values, nulls, at + 1, effect->low);
	SetFloat(values, nulls, at + 2, effect->high);
	SetFloat(values, nulls, at + 3,
			 pattern_shrunk_effect(&analysis->fit, set, analysis->level));
	SetFloat(values, nulls, at + 4, effect->p_value);
	SetFloat(values, nulls, at + 5, q);
	SetFloat(values, nulls, at + 6,
			 pattern_replication(&analysis->fit, analysis->sets,
								 analysis->sets_count, set, work));
	nulls[at + 7] = nulls[at + 8] = false;
	values[at + 7] = Int64GetDatum(rows);
	values[at + 8] = Int64GetDatum(days);
	pfree(work);
}

#define CLAIM_COLUMNS 9

PG_FUNCTION_INFO_V1(pattern_best_bucket);

/* the bucket that is most probably better, if it is */
PGDLLEXPORT Datum
pattern_best_bucket(PG_FUNCTION_ARGS)
{
	Pattern    *pattern = PG_GETARG_PATTERN(0);
	double		min_confidence = PG_GETARG_FLOAT8(1);
	Analysis	analysis;
	Datum		values[1 + 1 + CLAIM_COLUMNS + 1];
	bool		nulls[1 + 1 + CLAIM_COLUMNS + 1];
	const int	reason = 1 + 1 + CLAIM_COLUMNS;
	PatternEffect *effects;
	double	   *q;
	int			best = -1;
	int			i;

	CheckRange(min_confidence, 0.0, 1.0, "min_confidence");
	memset(nulls, true, sizeof(nulls));
	AnalyseGroups(&analysis, pattern);
	SetText(values, nulls, reason, StatusReason(analysis.fit.status));
	if (analysis.sets_count == 0)
		PG_RETURN_DATUM(RowDatum(fcinfo, values, nulls));

	effects = palloc(sizeof(PatternEffect) * analysis.fit.buckets);
	for (i = 0; i < analysis.fit.buckets; i++)
	{
		PatternSet	set = SingleBucket(i);

		effects[i] = pattern_effect(&analysis.fit, &set);
		if (!isnan(effects[i].effect) &&
			(best < 0 || analysis.confidence[i] > analysis.confidence[best]))
			best = i;
	}
	if (best >= 0)
		SetFloat(values, nulls, 1, analysis.confidence[best]);
	if (best < 0 || analysis.confidence[best] < min_confidence)
		SetText(values, nulls, reason, REASON_NO_HABIT);
	else
	{
		PatternSet	set = SingleBucket(best);

		q = QValues(effects, analysis.fit.buckets);
		SetText(values, nulls, 0, pattern->names.names[best].bytes);
		SetClaim(values, nulls, 2, &analysis, &set, &effects[best], q[best]);
	}
	PG_RETURN_DATUM(RowDatum(fcinfo, values, nulls));
}

PG_FUNCTION_INFO_V1(pattern_best_window);

/* the window whose buckets are most probably better, if they are */
PGDLLEXPORT Datum
pattern_best_window(PG_FUNCTION_ARGS)
{
	Pattern    *pattern = PG_GETARG_PATTERN(0);
	int			width = PG_GETARG_INT32(1);
	int			modulus = PG_GETARG_INT32(2);
	double		min_confidence = PG_GETARG_FLOAT8(3);
	Analysis	analysis;
	Datum		values[4 + CLAIM_COLUMNS + 1];
	bool		nulls[4 + CLAIM_COLUMNS + 1];
	const int	reason = 4 + CLAIM_COLUMNS;
	PatternEffect *effects;
	double	   *q;
	double		habit = 0.0;
	double		best_share = 0.0;
	int			best = -1;
	int			i,
				k;

	CheckRange(min_confidence, 0.0, 1.0, "min_confidence");
	memset(nulls, true, sizeof(nulls));
	AnalyseWindows(&analysis, pattern, width, modulus);
	SetText(values, nulls, reason, StatusReason(analysis.fit.status));
	if (analysis.sets_count == 0)
		PG_RETURN_DATUM(RowDatum(fcinfo, values, nulls));

	effects = palloc(sizeof(PatternEffect) * analysis.sets_count);
	for (i = 0; i < analysis.sets_count; i++)
	{
		double		share = 0.0;

		CHECK_FOR_INTERRUPTS();
		effects[i] = pattern_effect(&analysis.fit, &analysis.sets[i]);
		habit += analysis.sets[i].probability;
		for (k = 0; k < width; k++)
			share += analysis.confidence[(analysis.sets[i].a + k) % modulus] / width;
		if (!isnan(effects[i].effect) && (best < 0 || share > best_share))
		{
			best = i;
			best_share = share;
		}
	}
	if (best >= 0)
	{
		SetFloat(values, nulls, 2, Min(best_share, 1.0));
		SetFloat(values, nulls, 3, Min(habit, 1.0));
	}
	if (best < 0 || best_share < min_confidence)
		SetText(values, nulls, reason, REASON_NO_HABIT);
	else
	{
		q = QValues(effects, analysis.sets_count);
		nulls[0] = nulls[1] = false;
		values[0] = Int32GetDatum(best);
		values[1] = Int32GetDatum((best + width - 1) % modulus + 1);
		SetClaim(values, nulls, 4, &analysis, &analysis.sets[best], &effects[best], q[best]);
	}
	PG_RETURN_DATUM(RowDatum(fcinfo, values, nulls));
}

/* A bucket and the number it stands for. */
typedef struct Position
{
	double		value;
	int			bucket;
} Position;

static int
ComparePositions(const void *a, const void *b)
{
	double		left = ((const Position *) a)->value;
	double		right = ((const Position *) b)->value;

	return left < right ? -1 : left > right ? 1 : 0;
}

PG_FUNCTION_INFO_V1(pattern_best_limit);

/* the value beyond which the score falls, if there is one */
PGDLLEXPORT Datum
pattern_best_limit(PG_FUNCTION_ARGS)
{
	Pattern    *pattern = PG_GETARG_PATTERN(0);
	double		min_confidence = PG_GETARG_FLOAT8(1);
	int			buckets = pattern->names.count;
	Position   *positions = palloc(sizeof(Position) * Max(buckets, 1));
	double	   *values_of = palloc(sizeof(double) * Max(buckets, 1));
	int		   *place = palloc(sizeof(int) * Max(buckets, 1));
	Analysis	analysis;
	PatternLimit limit;
	Datum		values[11];
	bool		nulls[11];
	const int	reason = 10;
	int64		days = 0;
	int			i;

	CheckRange(min_confidence, 0.0, 1.0, "min_confidence");
	memset(nulls, true, sizeof(nulls));
	for (i = 0; i < buckets; i++)
	{
		const char *name = pattern->names.names[i].bytes;
		char	   *end;

		positions[i].bucket = i;
		positions[i].value = strtod(name, &end);
		if (end == name || *end != '\0' || !num_is_finite(positions[i].value))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("buckets must be numbers"),
					 errdetail("Found bucket \"%s\".", name),
					 errhint("A limit is looked for along a scale, such as minutes.")));
	}
	qsort(positions, buckets, sizeof(Position), ComparePositions);
	for (i = 0; i < buckets; i++)
	{
		if (i > 0 && positions[i].value == positions[i - 1].value)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("buckets must be different numbers"),
					 errdetail("Buckets \"%s\" and \"%s\" are the same number.",
							   pattern->names.names[positions[i - 1].bucket].bytes,
							   pattern->names.names[positions[i].bucket].bytes),
					 errhint("Write numbers in one way, or use merge_buckets().")));
		place[positions[i].bucket] = i;
		values_of[i] = positions[i].value;
	}

	AnalysisFit(&analysis, pattern, place, buckets, false);
	SetText(values, nulls, reason, StatusReason(analysis.fit.status));
	if (analysis.fit.status != PATTERN_OK)
		PG_RETURN_DATUM(RowDatum(fcinfo, values, nulls));
	limit = pattern_limit(&analysis.fit, values_of, palloc(sizeof(double) * 4 * buckets));
	SetFloat(values, nulls, 7, limit.probability);
	if (limit.probability < min_confidence || limit.probability <= 0.0)
		SetText(values, nulls, reason, REASON_NO_HABIT);
	else
	{
		for (i = 0; i < analysis.count; i++)
			if (analysis.cells[i].day != PATTERN_NO_DAY &&
				(i == 0 || analysis.cells[i - 1].day != analysis.cells[i].day))
				days++;
		SetFloat(values, nulls, 0, limit.at);
		SetFloat(values, nulls, 1, limit.low);
		SetFloat(values, nulls, 2, limit.high);
		SetFloat(values, nulls, 3, limit.slope);
		SetFloat(values, nulls, 4, limit.slope_low);
		SetFloat(values, nulls, 5, limit.slope_high);
		SetFloat(values, nulls, 6, limit.effect);
		nulls[8] = nulls[9] = false;
		values[8] = Int64GetDatum(analysis.fit.rows);
		values[9] = Int64GetDatum(days);
	}
	PG_RETURN_DATUM(RowDatum(fcinfo, values, nulls));
}

/* One step of an explanation, from the confidence before it to that after it. */
static void
PutStep(FunctionCallInfo fcinfo, const char *factor, double value, double after,
		double *before)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	Datum		values[4];
	bool		nulls[4] = {false};

	values[0] = CStringGetTextDatum(factor);
	SetFloat(values, nulls, 1, value);
	values[2] = Float8GetDatum(1.0);
	values[3] = Float8GetDatum(after - *before);
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	*before = after;
}

/* How the confidence of a bucket comes about. */
static void
PutContributions(FunctionCallInfo fcinfo, Analysis *analysis, int bucket)
{
	const PatternFit *fit = &analysis->fit;
	double	   *confidence = palloc(sizeof(double) * fit->buckets);
	PatternSet *sets = palloc(sizeof(PatternSet) * analysis->sets_count);
	PatternSet	best = SingleBucket(bucket);
	PatternEffect effect;
	PatternSteps steps;
	double		before = 0.0;
	double		top = -1.0;
	double		claimed = 0.0;
	double		changed = 0.0;
	int64		rows;
	int64		days;
	int			i;

	/* a bucket stands for itself; on a circle for the best window around it */
	for (i = 0; i < analysis->sets_count; i++)
	{
		const PatternSet *set = &analysis->sets[i];

		if (!pattern_claims(set, bucket, fit->buckets))
			continue;
		claimed += set->probability + set->past;
		changed += set->begun + set->past;
		if (set->kind == PATTERN_WINDOW && set->probability > top)
		{
			top = set->probability;
			best = *set;
		}
	}
	effect = pattern_effect(fit, &best);
	steps = pattern_steps(fit, &best);
	CountEvidence(analysis, &best, &rows, &days);

	memcpy(sets, analysis->sets, sizeof(PatternSet) * analysis->sets_count);
	pattern_posterior(fit, sets, analysis->sets_count, false);
	pattern_confidences(fit, sets, analysis->sets_count, confidence, NULL);

	InitMaterializedSRF(fcinfo, 0);
	PutStep(fcinfo, "prior", PATTERN_PRIOR_HABIT, PATTERN_PRIOR_HABIT, &before);
	PutStep(fcinfo, "effect", effect.effect, steps.effect, &before);
	PutStep(fcinfo, "sample_size", (double) rows, steps.sample_size, &before);
	PutStep(fcinfo, "consistency", effect.inflation, steps.consistency, &before);
	PutStep(fcinfo, "multiplicity", (double) analysis->sets_count, confidence[bucket], &before);
	if (fit->segments > 1)
		PutStep(fcinfo, "recency", claimed > 0.0 ? changed / claimed : NAN,
				analysis->confidence[bucket], &before);
}

static Datum
GroupContributions(FunctionCallInfo fcinfo, bool by_int)
{
	Pattern    *pattern = PG_GETARG_PATTERN(0);
	Analysis	analysis;
	int			bucket;

	AnalyseGroups(&analysis, pattern);
	if (pattern->names.count > 0)
	{
		bucket = FindBucket(pattern, BucketArgument(fcinfo, by_int));
		if (analysis.sets_count > 0)
		{
			PutContributions(fcinfo, &analysis, bucket);
			return (Datum) 0;
		}
	}
	InitMaterializedSRF(fcinfo, 0);
	return (Datum) 0;
}

PG_FUNCTION_INFO_V1(pattern_contributions);

/* what the confidence of a bucket is made of */
PGDLLEXPORT Datum
pattern_contributions(PG_FUNCTION_ARGS)
{
	return GroupContributions(fcinfo, false);
}

PG_FUNCTION_INFO_V1(pattern_contributions_int);

/* the same for an integer bucket */
PGDLLEXPORT Datum
pattern_contributions_int(PG_FUNCTION_ARGS)
{
	return GroupContributions(fcinfo, true);
}

PG_FUNCTION_INFO_V1(pattern_window_contributions);

/* the same where windows are judged */
PGDLLEXPORT Datum
pattern_window_contributions(PG_FUNCTION_ARGS)
{
	Analysis	analysis;
	int			bucket = PG_GETARG_INT32(1);

	AnalyseWindows(&analysis, PG_GETARG_PATTERN(0), PG_GETARG_INT32(2), PG_GETARG_INT32(3));
	CheckIntRange(bucket, 0, PG_GETARG_INT32(3) - 1, "bucket");
	if (analysis.sets_count > 0)
		PutContributions(fcinfo, &analysis, bucket);
	else
		InitMaterializedSRF(fcinfo, 0);
	return (Datum) 0;
}

PG_FUNCTION_INFO_V1(pattern_merge_buckets);

/* the state with buckets renamed, those of one new name put together */
PGDLLEXPORT Datum
pattern_merge_buckets(PG_FUNCTION_ARGS)
{
	Pattern    *from = PG_GETARG_PATTERN(0);
	Pattern    *into = PatternNew(CurrentMemoryContext);
	NameTable	listed;
	int			count;
	int			to_count;
	char	  **old_names = CheckTextArray(PG_GETARG_ARRAYTYPE_P(1), "buckets", &count);
	char	  **new_names = CheckTextArray(PG_GETARG_ARRAYTYPE_P(2), "new_buckets", &to_count);
	int			i;

	CheckSameLength(to_count, "new_buckets", count, "buckets");
	NamesInit(&listed, CurrentMemoryContext);
	for (i = 0; i < count; i++)
	{
		bool		added;

		CheckNameLength(strlen(old_names[i]), "buckets");
		CheckNameLength(strlen(new_names[i]), "new_buckets");
		(void) NamesAdd(&listed, old_names[i], strlen(old_names[i]), &added);
		if (!added)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("\"buckets\" must not contain a bucket twice"),
					 errdetail("Bucket \"%s\" appears more than once.", old_names[i]),
					 errhint("List every bucket once.")));
	}
	for (i = 0; i < from->count; i++)
	{
		const NameEntry *name = &from->names.names[from->cells[i].bucket];
		int			number = NamesFind(&listed, name->bytes, name->length);
		int			bucket;

		CHECK_FOR_INTERRUPTS();
		bucket = number < 0 ? PatternBucket(into, name->bytes, name->length) :
			PatternBucket(into, new_names[number], strlen(new_names[number]));
		CellMerge(PatternCellFor(into, bucket, from->cells[i].day), &from->cells[i]);
	}
	PG_RETURN_PATTERN(into);
}
