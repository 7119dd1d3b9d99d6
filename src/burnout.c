/*
 * burnout.c
 *		The burnout family: what each day of a learner was like, and how far the
 *		last two weeks depart from what is normal for them.
 *
 * State: per calendar day, and per quantity, the number of rows that knew it
 * and the sum of their values.  Days are kept ascending; a day of which
 * nothing is known is not kept.
 */
#include "postgres.h"

#include <math.h>

#include "common/int.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/datetime.h"
#include "utils/memutils.h"

#include "agg.h"
#include "btwin.h"
#include "burnout_math.h"
#include "check.h"
#include "result.h"
#include "state.h"
#include "text.h"

/*
 * Layout
 */

#define BURNOUT_VERSION 1
#define BURNOUT_MAX_DAYS 4000

/* 0001-01-01 and 9999-12-31: the days that have an ISO form of ten characters */
#define BURNOUT_FIRST_DAY (-730119)
#define BURNOUT_LAST_DAY 2921939

/* A day may have 25 hours. */
#define MAX_STUDY_MS 9e7
#define MAX_COUNT 1000

typedef enum Column
{
	STUDY_MS,
	LOAD,
	RETENTION,
	PLANNED,
	SKIPPED,
	PERFORMANCE,
	IN_PROGRESS,
	RATED_LOW,
	UNTIMED
} Column;

#define COLUMNS 9

/* day, mask, one column */
#define BURNOUT_MIN_DAY_BYTES (4 + 2 + 4 + 8)

typedef struct ColumnRule
{
	const char *name;			/* argument and key of the text form */
	double		max;			/* of one row; the least is 0 */
	bool		whole;			/* a count */
} ColumnRule;

static const ColumnRule columns[COLUMNS] = {
	{"study_ms", MAX_STUDY_MS, false},
	{"load", 100.0, false},
	{"retention", 1.0, false},
	{"planned", MAX_COUNT, true},
	{"skipped", MAX_COUNT, true},
	{"performance", 1.0, false},
	{"in_progress", MAX_COUNT, true},
	{"rated_low", MAX_COUNT, true},
	{"untimed", MAX_COUNT, true}
};

static const StateKind burnout_kind = {BTWIN_BURNOUT, BURNOUT_VERSION, "btwin.burnout"};

typedef struct Day
{
	DateADT		day;
	int32		rows[COLUMNS];	/* 0: unknown */
	double		sums[COLUMNS];
} Day;

/*
 * Days stand in order of arrival, which mostly is ascending; slots find them
 * by date (open addressing, number + 1, 0 = empty).
 */
typedef struct Burnout
{
	MemoryContext context;
	Day		   *days;
	int			count;
	int			capacity;
	bool		ascending;
	int32	   *slots;			/* NULL as long as days are ascending */
	uint32		mask;
} Burnout;

static Burnout *
BurnoutNew(MemoryContext context)
{
	Burnout    *burnout = MemoryContextAlloc(context, sizeof(Burnout));

	burnout->context = context;
	burnout->count = 0;
	burnout->capacity = 8;
	burnout->days = MemoryContextAlloc(context, sizeof(Day) * burnout->capacity);
	burnout->ascending = true;
	burnout->slots = NULL;
	burnout->mask = 0;
	return burnout;
}

static inline uint32
DayHash(DateADT day)
{
	uint32		h = (uint32) day * 2654435769u;

	return h ^ (h >> 16);
}

static void
SlotsInsert(Burnout *burnout, int number)
{
	uint32		at = DayHash(burnout->days[number].day) & burnout->mask;

	while (burnout->slots[at] != 0)
		at = (at + 1) & burnout->mask;
	burnout->slots[at] = number + 1;
}

/* Room for all days up to the capacity, at most half full. */
static void
SlotsBuild(Burnout *burnout)
{
	uint32		size = 16;
	int			i;

	while (size < 2 * (uint32) burnout->capacity)
		size *= 2;
	if (burnout->slots != NULL)
		pfree(burnout->slots);
	burnout->slots = MemoryContextAllocZero(burnout->context, sizeof(int32) * size);
	burnout->mask = size - 1;
	for (i = 0; i < burnout->count; i++)
		SlotsInsert(burnout, i);
}

/* Number of that day, or where it would stand: -1. */
static int
FindDay(const Burnout *burnout, DateADT day)
{
	if (burnout->slots != NULL)
	{
		uint32		at = DayHash(day) & burnout->mask;

		while (burnout->slots[at] != 0)
		{
			if (burnout->days[burnout->slots[at] - 1].day == day)
				return burnout->slots[at] - 1;
			at = (at + 1) & burnout->mask;
		}
	}
	else
	{
		int			low = 0;
		int			high = burnout->count - 1;

		while (low <= high)
		{
			int			middle = (low + high) / 2;

			if (burnout->days[middle].day == day)
				return middle;
			if (burnout->days[middle].day < day)
				low = middle + 1;
			else
				high = middle - 1;
		}
	}
	return -1;
}

/* That day, made empty when it is not there. */
static Day *
BurnoutDayOf(Burnout *burnout, DateADT day)
{
	DateADT		newest = burnout->count > 0 ? burnout->days[burnout->count - 1].day : 0;
	int			number;
	Day		   *new_day;

	if (burnout->count > 0 && newest == day)
		return &burnout->days[burnout->count - 1];
	if (burnout->count > 0 && (!burnout->ascending || day < newest))
	{
		number = FindDay(burnout, day);
		if (number >= 0)
			return &burnout->days[number];
		/* it goes behind a later one */
		burnout->ascending = false;
		if (burnout->slots == NULL)
			SlotsBuild(burnout);
	}
	CheckBound(burnout->count + 1, BURNOUT_MAX_DAYS, "days",
			   "Build the state from recent days only: no answer looks further back than 125 days.");
	if (burnout->count == burnout->capacity)
	{
		burnout->capacity *= 2;
		burnout->days = repalloc(burnout->days, sizeof(Day) * burnout->capacity);
		if (burnout->slots != NULL)
			SlotsBuild(burnout);
	}
	new_day = &burnout->days[burnout->count++];
	memset(new_day, 0, sizeof(Day));
	new_day->day = day;
	if (burnout->slots != NULL)
		SlotsInsert(burnout, burnout->count - 1);
	return new_day;
}

static inline void
DayAdd(Day *day, Column column, int32 rows, double sum)
{
	if (unlikely(pg_add_s32_overflow(day->rows[column], rows, &day->rows[column])))
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many rows of one day in one state"),
				 errdetail("A day holds at most %d rows.", PG_INT32_MAX),
				 errhint("Pass one row a day.")));
	day->sums[column] += sum;
}

static void
BurnoutMerge(Burnout *into, const Burnout *from)
{
	int			i;
	int			column;

	for (i = 0; i < from->count; i++)
	{
		const Day  *day = &from->days[i];
		Day		   *target = BurnoutDayOf(into, day->day);

		for (column = 0; column < COLUMNS; column++)
			if (day->rows[column] > 0)
				DayAdd(target, column, day->rows[column], day->sums[column]);
	}
}

static int
CompareDays(const void *a, const void *b)
{
	DateADT		left = ((const Day *) a)->day;
	DateADT		right = ((const Day *) b)->day;

	return left < right ? -1 : left > right;
}

/* The days ascending: the state's own, or a sorted copy.  Changes nothing. */
static const Day *
DaysSorted(const Burnout *burnout)
{
	Day		   *copy;

	if (burnout->ascending)
		return burnout->days;
	copy = palloc(sizeof(Day) * burnout->count);
	memcpy(copy, burnout->days, sizeof(Day) * burnout->count);
	qsort(copy, burnout->count, sizeof(Day), CompareDays);
	return copy;
}

/* What any day of a valid state obeys; shared by both input forms. */
static void
ValidateDay(const Day *day, const DateADT *previous, const StateSource *source)
{
	bool		known = false;
	int			column;

	if (day->day < BURNOUT_FIRST_DAY || day->day > BURNOUT_LAST_DAY)
	{
		StateInvalid(source, "a day is not within 0001-01-01 and 9999-12-31");
		return;
	}
	if (previous != NULL && day->day <= *previous)
	{
		StateInvalid(source, "its days are not in ascending order");
		return;
	}
	for (column = 0; column < COLUMNS; column++)
	{
		const ColumnRule *rule = &columns[column];
		double		sum = day->sums[column];

		if (day->rows[column] > 0)
			known = true;
		if (day->rows[column] < 0)
			StateInvalid(source, psprintf("a day has a negative number of rows of \"%s\"", rule->name));
		else if (day->rows[column] == 0 && sum != 0.0)
			StateInvalid(source, psprintf("a day without rows of \"%s\" has a sum of them", rule->name));
		else if (sum < 0.0 || sum > rule->max * day->rows[column] * (1.0 + 1e-9))
			StateInvalid(source, psprintf("a day's sum of \"%s\" is out of range", rule->name));
		else if (rule->whole && sum != floor(sum))
			StateInvalid(source, psprintf("a day's sum of \"%s\" is not a whole number", rule->name));
		else
			continue;
		return;
	}
	if (!known)
		StateInvalid(source, "a day has no rows");
}

/*
 * Input and output
 */

static struct varlena *
BurnoutToState(const Burnout *burnout)
{
	StringInfoData buf;
	const Day  *days = DaysSorted(burnout);
	int			i;
	int			column;

	StateBegin(&buf, &burnout_kind);
	WireWriteInt32(&buf, burnout->count);
	for (i = 0; i < burnout->count; i++)
	{
		uint16		known = 0;

		for (column = 0; column < COLUMNS; column++)
			if (days[i].rows[column] > 0)
				known |= 1 << column;
		WireWriteInt32(&buf, days[i].day);
		WireWriteByte(&buf, known >> 8);
		WireWriteByte(&buf, known & 0xff);
		for (column = 0; column < COLUMNS; column++)
			if (days[i].rows[column] > 0)
			{
				WireWriteInt32(&buf, days[i].rows[column]);
				WireWriteFloat(&buf, days[i].sums[column]);
			}
	}
	return StateFinish(&buf);
}

/* The fields after the header. */
static Burnout *
BurnoutRead(WireReader *reader, MemoryContext context)
{
	StateSource source = {reader, NULL};
	Burnout    *burnout = BurnoutNew(context);
	int			count = WireReadCount(reader, BURNOUT_MAX_DAYS,
									  BURNOUT_MIN_DAY_BYTES, "days");
	int			i;
	int			column;

	if (count > burnout->capacity)
	{
		burnout->capacity = count;
		burnout->days = repalloc(burnout->days, sizeof(Day) * count);
	}
	for (i = 0; i < count; i++)
	{
		Day		   *day = &burnout->days[i];
		uint16		known;

		memset(day, 0, sizeof(Day));
		day->day = WireReadInt32(reader);
		known = WireReadByte(reader) << 8;
		known |= WireReadByte(reader);
		if (known >> COLUMNS != 0)
			WireInvalid(reader, "a day knows quantities that there are not");
		for (column = 0; column < COLUMNS; column++)
			if (known & (1 << column))
			{
				day->rows[column] = WireReadInt32(reader);
				day->sums[column] = WireReadFloat(reader);
				if (day->rows[column] == 0)
					WireInvalid(reader, "a day's known quantity has no rows");
			}
		ValidateDay(day, i > 0 ? &burnout->days[i - 1].day : NULL, &source);
		burnout->count++;
	}
	WireReadEnd(reader);
	return burnout;
}

static Burnout *
BurnoutFromState(struct varlena *value, MemoryContext context)
{
	WireReader	reader;

	(void) StateOpen(&reader, value, &burnout_kind);
	return BurnoutRead(&reader, context);
}

#define PG_GETARG_BURNOUT(n) \
	BurnoutFromState(PG_GETARG_VARLENA_PP(n), CurrentMemoryContext)
#define PG_RETURN_BURNOUT(burnout) \
	PG_RETURN_POINTER(BurnoutToState(burnout))

/* ISO form, whatever DateStyle says. */
static char *
DayToText(DateADT day)
{
	int			year;
	int			month;
	int			mday;

	j2date(day + POSTGRES_EPOCH_JDATE, &year, &month, &mday);
	return psprintf("%04d-%02d-%02d", year, month, mday);
}

static bool
DayFromText(const char *text, DateADT *day)
{
	int			year;
	int			month;
	int			mday;
	int			i;

	if (strlen(text) != 10)
		return false;
	for (i = 0; i < 10; i++)
		if (i == 4 || i == 7 ? text[i] != '-' : text[i] < '0' || text[i] > '9')
			return false;
	year = atoi(text);
	month = atoi(text + 5);
	mday = atoi(text + 8);
	if (year < 1 || month < 1 || month > 12 ||
		mday < 1 || mday > day_tab[isleap(year)][month - 1])
		return false;
	*day = date2j(year, month, mday) - POSTGRES_EPOCH_JDATE;
	return true;
}

PG_FUNCTION_INFO_V1(burnout_in);

/* text form to state */
PGDLLEXPORT Datum
burnout_in(PG_FUNCTION_ARGS)
{
	TextReader	reader;
	StateSource source = {NULL, &reader};
	Burnout    *burnout = BurnoutNew(CurrentMemoryContext);

	(void) TextOpen(&reader, PG_GETARG_CSTRING(0), &burnout_kind, fcinfo->context);
	TextReadArray(&reader, "days");
	while (TextReadMore(&reader, burnout->count))
	{
		char	   *text;
		Day			day;
		int			column;

		CHECK_FOR_INTERRUPTS();
		memset(&day, 0, sizeof(day));
		TextReadObject(&reader, NULL);
		text = TextReadString(&reader, "day", 10);
		if (!TextFailed(&reader) && !DayFromText(text, &day.day))
			TextInvalid(&reader, "a day as \"YYYY-MM-DD\" is needed there");
		for (column = 0; column < COLUMNS; column++)
		{
			/* [rows, sum] */
			TextReadArray(&reader, columns[column].name);
			if (TextReadMore(&reader, 0))
				day.rows[column] = (int32) TextReadInt(&reader, NULL, 0, PG_INT32_MAX);
			if (TextReadMore(&reader, 1))
				day.sums[column] = TextReadFloat(&reader, NULL);
			else if (!TextFailed(&reader))
				TextInvalid(&reader, "a number of rows and a sum are needed there");
			if (TextReadMore(&reader, 2))
				TextInvalid(&reader, "\"]\" is needed there");
			if (TextFailed(&reader))
				PG_RETURN_NULL();
		}
		TextReadObjectEnd(&reader);
		if (burnout->count == BURNOUT_MAX_DAYS)
			TextInvalid(&reader, psprintf("it has more than %d days", BURNOUT_MAX_DAYS));
		if (!TextFailed(&reader))
			ValidateDay(&day, burnout->count > 0 ?
						&burnout->days[burnout->count - 1].day : NULL, &source);
		if (TextFailed(&reader))
			PG_RETURN_NULL();
		*BurnoutDayOf(burnout, day.day) = day;
	}
	TextReadEnd(&reader);
	if (TextFailed(&reader))
		PG_RETURN_NULL();
	PG_RETURN_BURNOUT(burnout);
}

static char *
BurnoutToText(const Burnout *burnout)
{
	StringInfoData buf;
	const Day  *days = DaysSorted(burnout);
	int			i;
	int			column;

	TextBegin(&buf, &burnout_kind);
	TextBeginArray(&buf, "days");
	for (i = 0; i < burnout->count; i++)
	{
		TextBeginObject(&buf, NULL);
		TextWriteString(&buf, "day", DayToText(days[i].day));
		for (column = 0; column < COLUMNS; column++)
		{
			TextBeginArray(&buf, columns[column].name);
			TextWriteInt(&buf, NULL, days[i].rows[column]);
			TextWriteFloat(&buf, NULL, days[i].sums[column]);
			TextEndArray(&buf);
		}
		TextEndObject(&buf);
	}
	TextEndArray(&buf);
	return TextFinish(&buf);
}

PG_FUNCTION_INFO_V1(burnout_out);

/* state to text form */
PGDLLEXPORT Datum
burnout_out(PG_FUNCTION_ARGS)
{
	PG_RETURN_CSTRING(BurnoutToText(PG_GETARG_BURNOUT(0)));
}

PG_FUNCTION_INFO_V1(burnout_recv);

/* binary form to state */
PGDLLEXPORT Datum
burnout_recv(PG_FUNCTION_ARGS)
{
	WireReader	reader;

	(void) StateOpenMessage(&reader, (StringInfo) PG_GETARG_POINTER(0), &burnout_kind);
	PG_RETURN_BURNOUT(BurnoutRead(&reader, CurrentMemoryContext));
}

PG_FUNCTION_INFO_V1(burnout_send);

/* state to binary form, which is what is stored */
PGDLLEXPORT Datum
burnout_send(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(BurnoutToState(PG_GETARG_BURNOUT(0)));
}

PG_FUNCTION_INFO_V1(burnout_to_jsonb);

/* cast to jsonb */
PGDLLEXPORT Datum
burnout_to_jsonb(PG_FUNCTION_ARGS)
{
	return TextToJsonb(BurnoutToText(PG_GETARG_BURNOUT(0)));
}

/*
 * Transition
 */

static void
CheckDay(DateADT day, const char *name)
{
	if (unlikely(day < BURNOUT_FIRST_DAY || day > BURNOUT_LAST_DAY))
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("\"%s\" must be between 0001-01-01 and 9999-12-31", name),
				 errdetail("Found %s.",
						   DatumGetCString(DirectFunctionCall1(date_out, DateADTGetDatum(day)))),
				 errhint("Pass the calendar day of the rows.")));
}

/* Parts of the planned missions cannot be more than those planned. */
static void
CheckMissions(double part, const char *name, double planned)
{
	if (unlikely(part > planned))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("\"%s\" must not be greater than \"planned\"", name),
				 errdetail("Found %g of %g planned missions.", part, planned),
				 errhint("Count every mission of the day in \"planned\", or pass NULL for it.")));
}

/*
 * Arguments 1 .. "arguments": day, then quantities in the order of Column.
 */
static Burnout *
BurnoutTransition(FunctionCallInfo fcinfo, int arguments)
{
	Burnout    *burnout = PG_ARGISNULL(0) ? NULL : (Burnout *) PG_GETARG_POINTER(0);
	double		values[COLUMNS];
	bool		known = false;
	DateADT		date;
	Day		   *day;
	int			column;

	if (burnout == NULL)
		burnout = BurnoutNew(AggregateContext(fcinfo));
	if (PG_ARGISNULL(1))
		return burnout;
	for (column = 0; column < arguments - 1; column++)
	{
		if (PG_ARGISNULL(column + 2))
			continue;
		if (columns[column].whole)
		{
			int32		count = PG_GETARG_INT32(column + 2);

			CheckIntRange(count, 0, MAX_COUNT, columns[column].name);
			values[column] = count;
		}
		else
		{
			values[column] = PG_GETARG_FLOAT8(column + 2);
			CheckRange(values[column], 0.0, columns[column].max, columns[column].name);
		}
		known = true;
	}
	/* a row that says nothing is what an outer join makes of no row at all */
	if (!known)
		return burnout;
	if (!PG_ARGISNULL(PLANNED + 2))
	{
		for (column = SKIPPED; column < Min(arguments - 1, UNTIMED); column++)
			if (columns[column].whole && !PG_ARGISNULL(column + 2))
				CheckMissions(values[column], columns[column].name, values[PLANNED]);
	}
	date = PG_GETARG_DATEADT(1);
	CheckDay(date, "day");
	day = BurnoutDayOf(burnout, date);
	for (column = 0; column < arguments - 1; column++)
		if (!PG_ARGISNULL(column + 2))
			DayAdd(day, column, 1, values[column]);
	return burnout;
}

PG_FUNCTION_INFO_V1(burnout_accum);

/* one row: day, study_ms, load, retention, planned, skipped */
PGDLLEXPORT Datum
burnout_accum(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(BurnoutTransition(fcinfo, 6));
}

PG_FUNCTION_INFO_V1(burnout_accum_full);

/* the same, and performance, in_progress, rated_low */
PGDLLEXPORT Datum
burnout_accum_full(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(BurnoutTransition(fcinfo, 9));
}

PG_FUNCTION_INFO_V1(burnout_accum_untimed);

/* the same, and untimed */
PGDLLEXPORT Datum
burnout_accum_untimed(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(BurnoutTransition(fcinfo, 10));
}

PG_FUNCTION_INFO_V1(burnout_rollup_accum);

/* one stored state */
PGDLLEXPORT Datum
burnout_rollup_accum(PG_FUNCTION_ARGS)
{
	Burnout    *burnout = PG_ARGISNULL(0) ? NULL : (Burnout *) PG_GETARG_POINTER(0);

	if (burnout == NULL)
		burnout = BurnoutNew(AggregateContext(fcinfo));
	if (!PG_ARGISNULL(1))
		BurnoutMerge(burnout, PG_GETARG_BURNOUT(1));
	PG_RETURN_POINTER(burnout);
}

/*
 * Combine, serial pair, final
 */

PG_FUNCTION_INFO_V1(burnout_combine);

PGDLLEXPORT Datum
burnout_combine(PG_FUNCTION_ARGS)
{
	MemoryContext context = AggregateContext(fcinfo);
	Burnout    *into = PG_ARGISNULL(0) ? NULL : (Burnout *) PG_GETARG_POINTER(0);

	if (PG_ARGISNULL(1))
	{
		if (into == NULL)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(into);
	}
	/* always a copy: the second state dies with the worker's tuple */
	if (into == NULL)
		into = BurnoutNew(context);
	BurnoutMerge(into, (Burnout *) PG_GETARG_POINTER(1));
	PG_RETURN_POINTER(into);
}

PG_FUNCTION_INFO_V1(burnout_serialize);

PGDLLEXPORT Datum
burnout_serialize(PG_FUNCTION_ARGS)
{
	(void) AggregateContext(fcinfo);
	PG_RETURN_POINTER(BurnoutToState((Burnout *) PG_GETARG_POINTER(0)));
}

PG_FUNCTION_INFO_V1(burnout_deserialize);

PGDLLEXPORT Datum
burnout_deserialize(PG_FUNCTION_ARGS)
{
	(void) AggregateContext(fcinfo);
	PG_RETURN_POINTER(BurnoutFromState(PG_GETARG_VARLENA_PP(0), CurrentMemoryContext));
}

PG_FUNCTION_INFO_V1(burnout_final);

/* only reads: a window calls it many times over one state */
PGDLLEXPORT Datum
burnout_final(PG_FUNCTION_ARGS)
{
	(void) AggregateContext(fcinfo);
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	PG_RETURN_BURNOUT((Burnout *) PG_GETARG_POINTER(0));
}

/*
 * Accessors
 */

static BurnoutMean
MeanOf(const Day *day, Column column)
{
	BurnoutMean mean = {0.0, 0.0};

	if (day->rows[column] > 0)
	{
		mean.rows = day->rows[column];
		mean.mean = day->sums[column] / mean.rows;
	}
	return mean;
}

static BurnoutDay
DayForAssessment(const Day *day)
{
	BurnoutDay	d;

	memset(&d, 0, sizeof(d));
	d.recorded = true;
	d.load = MeanOf(day, LOAD);
	d.performance = MeanOf(day, PERFORMANCE);
	d.retention = MeanOf(day, RETENTION);
	d.hours = day->sums[STUDY_MS] / (60.0 * 60.0 * 1000.0);
	d.studied = d.hours > 0.0 || d.load.rows > 0 || d.performance.rows > 0 ||
		d.retention.rows > 0 || day->sums[UNTIMED] > 0.0;
	/* studied, but no session has a length: nobody knows how long */
	d.timed = !d.studied || d.hours > 0.0 ||
		(day->rows[STUDY_MS] > 0 && day->sums[UNTIMED] == 0.0);
	if (day->rows[PLANNED] > 0 && day->rows[SKIPPED] > 0)
	{
		d.planned = day->sums[PLANNED];
		d.skipped = day->sums[SKIPPED];
		d.open = day->sums[IN_PROGRESS];
		d.rated_low = day->sums[RATED_LOW];
	}
	return d;
}

/*
 * The calendar from BURNOUT_HISTORY_DAYS before "from", or from the state's
 * first day on, to "until".  Days without rows are days without study.
 */
typedef struct Calendar
{
	DateADT		first;
	int			count;			/* 0: the state begins after "until" */
	BurnoutDay *days;
} Calendar;

static Calendar
CalendarMake(const Burnout *burnout, DateADT from, DateADT until)
{
	Calendar	calendar = {0, 0, NULL};
	int			i;

	/* read from bytes, therefore ascending */
	if (burnout->count == 0 || burnout->days[0].day > until)
		return calendar;
	calendar.first = Max(from - BURNOUT_HISTORY_DAYS + 1, burnout->days[0].day);
	calendar.count = until - calendar.first + 1;
	calendar.days = palloc0(sizeof(BurnoutDay) * calendar.count);
	for (i = 0; i < calendar.count; i++)
		calendar.days[i].timed = true;
	for (i = 0; i < burnout->count && burnout->days[i].day <= until; i++)
		if (burnout->days[i].day >= calendar.first)
			calendar.days[burnout->days[i].day - calendar.first] =
				DayForAssessment(&burnout->days[i]);
	return calendar;
}

/* What an accessor knows of one day. */
typedef struct Answer
{
	BurnoutRisk risk;
	BurnoutLevel level;
	DateADT		detected[BURNOUT_SIGNALS];	/* since when, unbroken */
} Answer;

/*
 * The level depends on how the score came here, and a signal's age on how long
 * it has stood: both are found by replaying the days before.  A day without a
 * score leaves the level as it was.
 */
static void
AnswerStep(Answer *answer, const BurnoutRisk *risk, DateADT day)
{
	int			i;

	answer->risk = *risk;
	if (risk->reason == BURNOUT_HAS_SCORE)
		answer->level = burnout_next_level(answer->level, risk->score,
										   risk->evidence_days);
	for (i = 0; i < BURNOUT_SIGNALS; i++)
	{
		bool		now = risk->signals[i].severity > BURNOUT_LOW;

		if (!now)
			answer->detected[i] = DATEVAL_NOEND;
		else if (answer->detected[i] > day)
			answer->detected[i] = day;
	}
}

/* False when the state has nothing up to that day. */
static bool
AnswerFor(const Burnout *burnout, DateADT as_of, bool replay, Answer *answer)
{
	Calendar	calendar;
	int			t;
	int			i;

	CheckDay(as_of, "as_of");
	memset(answer, 0, sizeof(*answer));
	answer->risk.reason = BURNOUT_NO_ROWS;
	calendar = CalendarMake(burnout, as_of, as_of);
	if (calendar.count == 0)
		return false;
	for (i = 0; i < BURNOUT_SIGNALS; i++)
		answer->detected[i] = DATEVAL_NOEND;
	t = replay ? Max(0, calendar.count - 1 - BURNOUT_REPLAY_DAYS) : calendar.count - 1;
	for (; t < calendar.count; t++)
	{
		BurnoutRisk risk;

		burnout_assess(calendar.days, t, &risk);
		AnswerStep(answer, &risk, calendar.first + t);
	}
	pfree(calendar.days);
	return true;
}

/*
 * The same with a replay.  Risk and signals are asked for one after the other:
 * what was found for a state and a day is kept for the next call.
 */
static bool
ReplayFor(FunctionCallInfo fcinfo, Answer *answer)
{
	static char *known_state = NULL;
	static Size known_size;
	static DateADT known_day;
	static bool known_found;
	static Answer known;
	struct varlena *state = PG_DETOAST_DATUM_PACKED(PG_GETARG_DATUM(0));
	Size		size = VARSIZE_ANY_EXHDR(state);
	DateADT		day = PG_GETARG_DATEADT(1);

	if (known_state == NULL || day != known_day || size != known_size ||
		memcmp(VARDATA_ANY(state), known_state, size) != 0)
	{
		known_found = AnswerFor(PG_GETARG_BURNOUT(0), day, true, answer);
		if (known_state != NULL)
			pfree(known_state);
		known_state = NULL;
		known_state = MemoryContextAlloc(TopMemoryContext, Max(size, 1));
		memcpy(known_state, VARDATA_ANY(state), size);
		known_size = size;
		known_day = day;
		known = *answer;
	}
	*answer = known;
	return known_found;
}

PG_FUNCTION_INFO_V1(burnout_risk);

/* score with interval, level, confidence, evidence, reason */
PGDLLEXPORT Datum
burnout_risk(PG_FUNCTION_ARGS)
{
	Answer		answer;
	Datum		values[7];
	bool		nulls[7];

	(void) ReplayFor(fcinfo, &answer);
	memset(nulls, answer.risk.reason != BURNOUT_HAS_SCORE, sizeof(nulls));
	values[0] = Float8GetDatum(answer.risk.score);
	values[1] = Float8GetDatum(answer.risk.low);
	values[2] = Float8GetDatum(answer.risk.high);
	values[3] = CStringGetTextDatum(burnout_level_names[answer.level]);
	values[4] = Float8GetDatum(answer.risk.confidence);
	nulls[5] = false;
	values[5] = Int32GetDatum(answer.risk.evidence_days);
	nulls[6] = answer.risk.reason == BURNOUT_HAS_SCORE;
	if (!nulls[6])
		values[6] = CStringGetTextDatum(burnout_reason_codes[answer.risk.reason]);
	PG_RETURN_DATUM(RowDatum(fcinfo, values, nulls));
}

PG_FUNCTION_INFO_V1(burnout_risk_score);

/* 0 to 100 */
PGDLLEXPORT Datum
burnout_risk_score(PG_FUNCTION_ARGS)
{
	Answer		answer;

	(void) AnswerFor(PG_GETARG_BURNOUT(0), PG_GETARG_DATEADT(1), false, &answer);
	if (answer.risk.reason != BURNOUT_HAS_SCORE)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(answer.risk.score);
}

PG_FUNCTION_INFO_V1(burnout_risk_level);

/* LOW, MEDIUM, HIGH, CRITICAL */
PGDLLEXPORT Datum
burnout_risk_level(PG_FUNCTION_ARGS)
{
	Answer		answer;

	(void) ReplayFor(fcinfo, &answer);
	if (answer.risk.reason != BURNOUT_HAS_SCORE)
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text(burnout_level_names[answer.level]));
}

PG_FUNCTION_INFO_V1(burnout_confidence);

/* 0 to 1 */
PGDLLEXPORT Datum
burnout_confidence(PG_FUNCTION_ARGS)
{
	Answer		answer;

	(void) AnswerFor(PG_GETARG_BURNOUT(0), PG_GETARG_DATEADT(1), false, &answer);
	if (answer.risk.reason != BURNOUT_HAS_SCORE)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(answer.risk.confidence);
}

PG_FUNCTION_INFO_V1(burnout_risk_by_day);

/* the risk of every day of a range, each as risk() would tell it */
PGDLLEXPORT Datum
burnout_risk_by_day(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	Burnout    *burnout = PG_GETARG_BURNOUT(0);
	DateADT		from = PG_GETARG_DATEADT(1);
	DateADT		until = PG_GETARG_DATEADT(2);
	Calendar	calendar;
	BurnoutRisk *risks;
	int			t;

	CheckDay(from, "start_day");
	CheckDay(until, "end_day");
	if (from > until)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("\"start_day\" must not be after \"end_day\""),
				 errdetail("Found %s and %s.", DayToText(from), DayToText(until)),
				 errhint("Pass the earlier day first.")));
	if (until - from >= BURNOUT_MAX_DAYS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many days between \"start_day\" and \"end_day\""),
				 errdetail("At most %d days are answered at once, %d were asked for.",
						   BURNOUT_MAX_DAYS, until - from + 1),
				 errhint("Ask for a shorter range.")));
	InitMaterializedSRF(fcinfo, 0);
	calendar = CalendarMake(burnout, from, until);
	if (calendar.count == 0)
		return (Datum) 0;
	risks = palloc(sizeof(BurnoutRisk) * calendar.count);
	for (t = 0; t < calendar.count; t++)
	{
		CHECK_FOR_INTERRUPTS();
		burnout_assess(calendar.days, t, &risks[t]);
	}
	for (t = Max(0, from - calendar.first); t < calendar.count; t++)
	{
		BurnoutLevel level = BURNOUT_LOW;
		Datum		values[6];
		bool		nulls[6];
		int			back;

		for (back = Max(0, t - BURNOUT_REPLAY_DAYS); back <= t; back++)
			if (risks[back].reason == BURNOUT_HAS_SCORE)
				level = burnout_next_level(level, risks[back].score,
										   risks[back].evidence_days);
		memset(nulls, risks[t].reason != BURNOUT_HAS_SCORE, sizeof(nulls));
		nulls[0] = nulls[5] = false;
		values[0] = DateADTGetDatum(calendar.first + t);
		values[1] = Float8GetDatum(risks[t].score);
		values[2] = Float8GetDatum(risks[t].low);
		values[3] = Float8GetDatum(risks[t].high);
		values[4] = CStringGetTextDatum(burnout_level_names[level]);
		values[5] = Int32GetDatum(risks[t].evidence_days);
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
	return (Datum) 0;
}

PG_FUNCTION_INFO_V1(burnout_factors);

/* the six factors in their own units */
PGDLLEXPORT Datum
burnout_factors(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	Answer		answer;
	int			i;

	(void) AnswerFor(PG_GETARG_BURNOUT(0), PG_GETARG_DATEADT(1), false, &answer);
	InitMaterializedSRF(fcinfo, 0);
	if (answer.risk.reason != BURNOUT_HAS_SCORE)
		return (Datum) 0;
	for (i = 0; i < BURNOUT_FACTORS; i++)
	{
		const BurnoutFactor *f = &answer.risk.factors[i];
		Datum		values[10];
		bool		nulls[10] = {false};

		values[0] = CStringGetTextDatum(burnout_factor_names[i]);
		values[1] = Float8GetDatum(f->value);
		values[2] = Float8GetDatum(f->normal);
		values[3] = Float8GetDatum(f->score);
		values[4] = Float8GetDatum(Max(f->score - f->down, 0.0));
		values[5] = Float8GetDatum(Min(f->score + f->up, 100.0));
		values[6] = Float8GetDatum(f->weight);
		values[7] = Float8GetDatum(f->contribution);
		values[8] = CStringGetTextDatum(burnout_level_names[burnout_level(f->score)]);
		values[9] = Float8GetDatum(f->reliability);
		if (!f->known)
			nulls[1] = nulls[2] = nulls[3] = nulls[4] = nulls[5] = nulls[8] = true;
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
	return (Datum) 0;
}

PG_FUNCTION_INFO_V1(burnout_contributions);

/* what the score is made of */
PGDLLEXPORT Datum
burnout_contributions(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	Answer		answer;
	int			i;

	(void) AnswerFor(PG_GETARG_BURNOUT(0), PG_GETARG_DATEADT(1), false, &answer);
	InitMaterializedSRF(fcinfo, 0);
	if (answer.risk.reason != BURNOUT_HAS_SCORE)
		return (Datum) 0;
	for (i = 0; i < BURNOUT_FACTORS; i++)
	{
		const BurnoutFactor *f = &answer.risk.factors[i];
		Datum		values[4];
		bool		nulls[4] = {false};

		values[0] = CStringGetTextDatum(burnout_factor_names[i]);
		nulls[1] = !f->known;
		values[1] = Float8GetDatum(f->score);
		values[2] = Float8GetDatum(f->weight);
		values[3] = Float8GetDatum(f->contribution);
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
	return (Datum) 0;
}

PG_FUNCTION_INFO_V1(burnout_signals);

/* the warning signals that stand */
PGDLLEXPORT Datum
burnout_signals(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	Answer		answer;
	int			i;

	(void) ReplayFor(fcinfo, &answer);
	InitMaterializedSRF(fcinfo, 0);
	for (i = 0; i < BURNOUT_SIGNALS; i++)
	{
		const BurnoutSignal *s = &answer.risk.signals[i];
		Datum		values[5];
		bool		nulls[5] = {false};

		if (s->severity == BURNOUT_LOW)
			continue;
		values[0] = CStringGetTextDatum(burnout_signal_names[i]);
		values[1] = CStringGetTextDatum(burnout_level_names[s->severity]);
		values[2] = Float8GetDatum(s->value);
		values[3] = DateADTGetDatum(answer.detected[i]);
		values[4] = Float8GetDatum(s->confidence);
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
	return (Datum) 0;
}

PG_FUNCTION_INFO_V1(burnout_days);

/* one row per day of the state */
PGDLLEXPORT Datum
burnout_days(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	Burnout    *burnout = PG_GETARG_BURNOUT(0);
	int			i;
	int			column;

	InitMaterializedSRF(fcinfo, 0);
	for (i = 0; i < burnout->count; i++)
	{
		const Day  *day = &burnout->days[i];
		Datum		values[COLUMNS + 1];
		bool		nulls[COLUMNS + 1] = {false};

		values[0] = DateADTGetDatum(day->day);
		for (column = 0; column < COLUMNS; column++)
		{
			nulls[column + 1] = day->rows[column] == 0;
			if (columns[column].whole)
				values[column + 1] = Int64GetDatum((int64) day->sums[column]);
			else if (column == STUDY_MS)
				values[column + 1] = Float8GetDatum(day->sums[column]);
			else
				values[column + 1] = Float8GetDatum(MeanOf(day, column).mean);
		}
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
	return (Datum) 0;
}
