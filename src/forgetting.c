/*
 * forgetting.c
 *		The forgetting family: how recall falls with the time since a review.
 *
 * State, in two parts:
 *
 * Pairs: reviews whose elapsed time the caller knows, counted in cells of a
 * quarter octave and of the history before the review.
 *
 * Cards: the reviews themselves, keyed by card and time, where the elapsed
 * time has to be found by joining each review with the one before it.  A card
 * has runs, disjoint and ascending in time.  A single review is a run of one;
 * seal() joins all of a card's runs into one, which keeps its first and last
 * time and a two-byte code of every gap and its outcome between them.  Nothing
 * is joined before seal() or an accessor asks, so order of rows and of merges
 * does not matter, and merging states is merging sets of runs.
 *
 * A history that has been read from its beginning needs its gaps no more: they
 * are evidence with a known elapsed time, which is what pairs are.  condense()
 * moves them there and leaves of each card's runs a counted one, which says how
 * often the card was recalled and forgotten by its end.  So the total of years
 * is bounded by its cells and cards, whatever the number of reviews.
 *
 * All sums are integers: equal evidence is equal bytes, whatever the order.
 */
#include "postgres.h"

#include <math.h>

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "common/int.h"
#include "executor/executor.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "agg.h"
#include "btwin.h"
#include "check.h"
#include "forgetting_math.h"
#include "names.h"
#include "num.h"
#include "result.h"
#include "special.h"
#include "state.h"
#include "text.h"

/*
 * Layout
 */

#define FORGETTING_VERSION 1
#define FORGETTING_MAX_CARDS 100000
#define FORGETTING_MAX_REVIEWS 1000000

/* One hundred years: beyond it an elapsed time is a mistake of units. */
#define FORGETTING_MAX_DAYS 36525.0

/* so that reviews times the largest code fits in 64 bits */
#define FORGETTING_MAX_PAIRS (INT64CONST(1) << 47)

#define FORGETTING_CELLS (FORGETTING_CLASSES * FORGETTING_BINS)
#define FORGETTING_MIN_CELL_BYTES (2 + 3 * 8)

/* name length and one byte of name, number of runs, one run of one review */
#define FORGETTING_MIN_CARD_BYTES (2 + 4 + 1 + 8)
#define FORGETTING_MIN_RUN_BYTES (1 + 8)

/* bits of a run's flags */
#define RUN_RECALLED 0x01		/* outcome of its first review */
#define RUN_HAS_PAIRS 0x02		/* more than one review */
#define RUN_COUNTED 0x04		/* the reviews after its first are in the cells */

static const StateKind forgetting_kind = {BTWIN_FORGETTING, FORGETTING_VERSION, "btwin.forgetting"};

typedef struct Cell
{
	int64		reviews;
	int64		recalled;
	int64		codes;			/* sum of the codes of the elapsed times */
} Cell;

/* Cells by class of history, each class allocated when it is first seen. */
typedef struct CellTable
{
	MemoryContext context;
	Cell	   *classes[FORGETTING_CLASSES];
} CellTable;

/*
 * Reviews of one card, one after the other.  A pair is the gap to the review
 * before and the outcome: code * 2 + recalled.
 */
typedef struct Run
{
	TimestampTz first;
	TimestampTz last;
	int32		card;			/* number in names */
	int32		pairs;			/* reviews after the first */
	int32		pairs_at;		/* where they begin in the pool */
	bool		recalled;		/* outcome of the first review, of a counted run
								 * of its last */
	bool		counted;		/* the first run of its card; then pairs is 0 */
	int32		successes;		/* and these are after the first review */
	int32		lapses;
} Run;

typedef struct Forgetting
{
	MemoryContext context;
	CellTable	pairs;
	bool		has_cards;		/* what follows is initialised */
	NameTable	cards;
	Run		   *runs;
	int			run_count;
	int			run_capacity;
	uint16	   *pool;
	int			pool_count;
	int			pool_capacity;
} Forgetting;

static Forgetting *
ForgettingNew(MemoryContext context)
{
	Forgetting *forgetting = MemoryContextAllocZero(context, sizeof(Forgetting));

	forgetting->context = context;
	forgetting->pairs.context = context;
	return forgetting;
}

static void
ForgettingInitCards(Forgetting *forgetting)
{
	if (forgetting->has_cards)
		return;
	NamesInit(&forgetting->cards, forgetting->context);
	forgetting->run_capacity = 16;
	forgetting->runs = MemoryContextAlloc(forgetting->context,
										  sizeof(Run) * forgetting->run_capacity);
	forgetting->pool_capacity = 16;
	forgetting->pool = MemoryContextAlloc(forgetting->context,
										  sizeof(uint16) * forgetting->pool_capacity);
	forgetting->has_cards = true;
}

/*
 * Cells
 */

static inline int
ClassOf(int64 successes, int64 lapses)
{
	return (int) (Min(successes, FORGETTING_MAX_SUCCESSES) * (FORGETTING_MAX_LAPSES + 1) +
				  Min(lapses, FORGETTING_MAX_LAPSES));
}

#define ClassSuccesses(class) ((class) / (FORGETTING_MAX_LAPSES + 1))
#define ClassLapses(class) ((class) % (FORGETTING_MAX_LAPSES + 1))

static inline Cell *
CellOf(CellTable *table, int class, int bin)
{
	if (unlikely(table->classes[class] == NULL))
		table->classes[class] = MemoryContextAllocZero(table->context,
													   sizeof(Cell) * FORGETTING_BINS);
	return &table->classes[class][bin];
}

static inline void
CellAdd(CellTable *table, int class, int code, bool recalled)
{
	Cell	   *cell = CellOf(table, class, code / FORGETTING_CODES_PER_BIN);

	cell->reviews++;
	cell->recalled += recalled;
	cell->codes += code;
}

static void
CellsMerge(CellTable *into, const CellTable *from)
{
	int			class;
	int			bin;

	for (class = 0; class < FORGETTING_CLASSES; class++)
	{
		if (from->classes[class] == NULL)
			continue;
		for (bin = 0; bin < FORGETTING_BINS; bin++)
		{
			const Cell *cell = &from->classes[class][bin];
			Cell	   *sum;

			if (cell->reviews == 0)
				continue;
			sum = CellOf(into, class, bin);
			CheckBound(sum->reviews + cell->reviews, FORGETTING_MAX_PAIRS,
					   "reviews of one elapsed time", "Group by a shorter period.");
			sum->reviews += cell->reviews;
			sum->recalled += cell->recalled;
			sum->codes += cell->codes;
		}
	}
}

static int
CellsCount(const CellTable *table)
{
	int			count = 0;
	int			class;
	int			bin;

	for (class = 0; class < FORGETTING_CLASSES; class++)
		if (table->classes[class] != NULL)
			for (bin = 0; bin < FORGETTING_BINS; bin++)
				count += table->classes[class][bin].reviews > 0;
	return count;
}

/*
 * Runs
 */

/* to is not before from; their difference may be beyond a signed integer */
#define DaysBetween(from, to) \
	((double) ((uint64) (to) - (uint64) (from)) / (double) USECS_PER_DAY)

static inline uint16
PairOf(TimestampTz before, TimestampTz at, bool recalled)
{
	return (uint16) (forgetting_code(DaysBetween(before, at)) * 2 + recalled);
}

#define PairCode(pair) ((pair) >> 1)
#define PairRecalled(pair) (((pair) & 1) != 0)

static Run *CanonicalRuns(const Forgetting *forgetting, int *count);

/* The same review seen twice is one review: keep it once. */
static void
ForgettingCompact(Forgetting *forgetting)
{
	int			count;
	Run		   *runs = CanonicalRuns(forgetting, &count);

	memcpy(forgetting->runs, runs, sizeof(Run) * count);
	forgetting->run_count = count;
	pfree(runs);
}

static void
CheckReviews(int64 reviews)
{
	CheckBound(reviews, FORGETTING_MAX_REVIEWS, "reviews",
			   "Group by learner, or by a shorter period.");
}

/* pairs is NULL where there are none */
static void
RunAdd(Forgetting *forgetting, const Run *run, const uint16 *pairs)
{
	Run		   *added;

	/* twice the bound: what is seen twice counts once */
	if (unlikely(forgetting->run_count >= 2 * FORGETTING_MAX_REVIEWS))
	{
		ForgettingCompact(forgetting);
		CheckReviews((int64) forgetting->run_count + forgetting->pool_count);
	}
	if (forgetting->run_count == forgetting->run_capacity)
	{
		forgetting->run_capacity *= 2;
		forgetting->runs = repalloc(forgetting->runs,
									sizeof(Run) * forgetting->run_capacity);
	}
	added = &forgetting->runs[forgetting->run_count++];
	*added = *run;
	added->pairs_at = forgetting->pool_count;
	if (run->pairs > 0)
	{
		CheckReviews((int64) forgetting->pool_count + run->pairs);
		if (forgetting->pool_count + run->pairs > forgetting->pool_capacity)
		{
			while (forgetting->pool_count + run->pairs > forgetting->pool_capacity)
				forgetting->pool_capacity *= 2;
			forgetting->pool = repalloc(forgetting->pool,
										sizeof(uint16) * forgetting->pool_capacity);
		}
		memcpy(forgetting->pool + forgetting->pool_count, pairs,
			   sizeof(uint16) * run->pairs);
		forgetting->pool_count += run->pairs;
	}
}

/* The number of that card, made when it is not there. */
static inline int
ForgettingCard(Forgetting *forgetting, const char *name, size_t length)
{
	bool		added;
	int			number;

	ForgettingInitCards(forgetting);
	number = NamesAdd(&forgetting->cards, name, length, &added);
	if (unlikely(added))
		CheckBound(forgetting->cards.count, FORGETTING_MAX_CARDS, "cards",
				   "Group by learner, or by a shorter period.");
	return number;
}

static int
CompareRuns(const void *a, const void *b)
{
	TimestampTz first_a = ((const Run *) a)->first;
	TimestampTz first_b = ((const Run *) b)->first;

	return first_a < first_b ? -1 : first_a > first_b;
}

/*
 * The runs in the order in which they are stored: cards in byte order of their
 * names, each card's runs ascending in time.  The same review in several runs
 * of one is kept once, as not recalled if any of them says so.  Other runs of a
 * card that overlap are an error: their gaps cannot be told any more.
 */
static Run *
CanonicalRuns(const Forgetting *forgetting, int *count)
{
	int			cards = forgetting->cards.count;
	int		   *order = NamesSorted(&forgetting->cards);
	int		   *begin = palloc0(sizeof(int) * (cards + 1));
	int		   *at = palloc(sizeof(int) * Max(cards, 1));
	Run		   *runs = MemoryContextAllocHuge(CurrentMemoryContext,
											  sizeof(Run) * Max(forgetting->run_count, 1));
	int			kept = 0;
	int			position = 0;
	int			i;

	/* place the runs card by card */
	for (i = 0; i < forgetting->run_count; i++)
		begin[forgetting->runs[i].card]++;
	for (i = 0; i < cards; i++)
	{
		at[order[i]] = position;
		position += begin[order[i]];
	}
	for (i = 0; i < forgetting->run_count; i++)
	{
		const Run  *run = &forgetting->runs[i];

		runs[at[run->card]++] = *run;
	}

	position = 0;
	for (i = 0; i < cards; i++)
	{
		int			card = order[i];
		Run		   *mine = runs + position;
		int			number = begin[card];
		bool		sorted = true;
		int			first_kept = kept;
		int			j;

		CHECK_FOR_INTERRUPTS();
		for (j = 1; j < number && sorted; j++)
			sorted = mine[j - 1].first <= mine[j].first;
		if (!sorted)
			qsort(mine, number, sizeof(Run), CompareRuns);
		for (j = 0; j < number; j++)
		{
			Run		   *before = kept > first_kept ? &runs[kept - 1] : NULL;
			Run			run = mine[j];

			if (before == NULL || (run.first > before->last && !run.counted))
				runs[kept++] = run;
			else if (before->pairs == 0 && run.pairs == 0 && !before->counted && !run.counted)
				before->recalled = before->recalled && run.recalled;
			else
				ereport(ERROR,
						(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						 errmsg("forgetting states of overlapping periods cannot be merged"),
						 run.counted ?
						 errdetail("Card \"%s\" was condensed and has a review before its first one.",
								   forgetting->cards.names[card].bytes) :
						 errdetail("Card \"%s\" has a sealed run of reviews and another review within its time.",
								   forgetting->cards.names[card].bytes),
						 errhint("Merge first and seal() or condense() then, or merge states of disjoint periods.")));
		}
		position += number;
	}
	pfree(order);
	pfree(begin);
	pfree(at);
	*count = kept;
	return runs;
}

static void
ForgettingMerge(Forgetting *into, const Forgetting *from)
{
	int		   *numbers;
	int			i;

	CellsMerge(&into->pairs, &from->pairs);
	if (!from->has_cards)
		return;
	numbers = palloc(sizeof(int) * Max(from->cards.count, 1));
	for (i = 0; i < from->cards.count; i++)
		numbers[i] = ForgettingCard(into, from->cards.names[i].bytes,
									from->cards.names[i].length);
	for (i = 0; i < from->run_count; i++)
	{
		Run			run = from->runs[i];

		run.card = numbers[run.card];
		RunAdd(into, &run, from->pool + run.pairs_at);
	}
	pfree(numbers);
}

/*
 * What any state obeys; shared by both input forms.
 */

static void
ValidateCell(const Cell *cell, int bin, const StateSource *source)
{
	int64		low = (int64) bin * FORGETTING_CODES_PER_BIN;

	if (cell->reviews < 1 || cell->reviews > FORGETTING_MAX_PAIRS)
		StateInvalid(source, "the number of reviews of an elapsed time is impossible");
	else if (cell->recalled < 0 || cell->recalled > cell->reviews)
		StateInvalid(source, "more reviews were recalled than made");
	else if (cell->codes < low * cell->reviews ||
			 cell->codes > (low + FORGETTING_CODES_PER_BIN - 1) * cell->reviews)
		StateInvalid(source, "elapsed times lie outside their bin");
}

/* before is the run before it of the same card, or NULL */
static void
ValidateRun(const Run *run, const Run *before, const StateSource *source)
{
	if (!IS_VALID_TIMESTAMP(run->first) || !IS_VALID_TIMESTAMP(run->last))
		StateInvalid(source, "a time of review is out of range");
	else if (run->pairs == 0 && !run->counted ? run->last != run->first : run->last <= run->first)
		StateInvalid(source, "a run of reviews ends before it begins");
	else if (run->counted && (run->successes < 0 || run->lapses < 0 ||
							  (int64) run->successes + run->lapses < 1 ||
							  (int64) run->successes + run->lapses > PG_INT32_MAX))
		StateInvalid(source, "a counted run has an impossible number of reviews");
	else if (run->counted && before != NULL)
		StateInvalid(source, "a counted run is not the first of its card");
	else if (before != NULL && run->first <= before->last)
		StateInvalid(source, "a card's runs of reviews are not in ascending order");
}

/* What counted runs have counted is in the cells. */
static void
ValidateCounted(const Forgetting *forgetting, const StateSource *source)
{
	int64		counted = 0;
	int64		recalled = 0;
	int64		reviews_in_cells = 0;
	int64		recalled_in_cells = 0;
	int			class;
	int			bin;
	int			i;

	for (i = 0; i < forgetting->run_count; i++)
	{
		if (!forgetting->runs[i].counted)
			continue;
		counted += (int64) forgetting->runs[i].successes + forgetting->runs[i].lapses;
		recalled += forgetting->runs[i].successes;
	}
	if (counted == 0)
		return;
	for (class = 0; class < FORGETTING_CLASSES; class++)
	{
		if (forgetting->pairs.classes[class] == NULL)
			continue;
		for (bin = 0; bin < FORGETTING_BINS; bin++)
		{
			const Cell *cell = &forgetting->pairs.classes[class][bin];

			/* at most 2^14 cells of at most 2^47 reviews */
			reviews_in_cells += cell->reviews;
			recalled_in_cells += cell->recalled;
		}
	}
	if (counted > reviews_in_cells || recalled > recalled_in_cells ||
		counted - recalled > reviews_in_cells - recalled_in_cells)
		StateInvalid(source, "its cards have more reviews than its pairs");
}

/* The gaps of a run add up to its duration, to the precision of the codes. */
static void
ValidatePairs(const Run *run, const uint16 *pairs, const StateSource *source)
{
	double		days = DaysBetween(run->first, run->last);
	double		low = 0.0;
	double		high = 0.0;
	int			i;

	if (run->pairs == 0)
		return;
	for (i = 0; i < run->pairs; i++)
	{
		int			code = PairCode(pairs[i]);

		if (code > 0)
			low += exp(forgetting_code_log_days(code - 0.5));
		if (code < FORGETTING_MAX_CODE)
			high += exp(forgetting_code_log_days(code + 0.5));
		else
			high = days;		/* the last code has no end */
	}
	if (days < low * (1.0 - 1e-9) || days > high * (1.0 + 1e-9))
		StateInvalid(source, "the gaps of a run do not add up to its duration");
}

/*
 * Input and output
 */

static void
WriteCells(StringInfo buf, const CellTable *table)
{
	int			class;
	int			bin;

	WireWriteInt32(buf, CellsCount(table));
	for (class = 0; class < FORGETTING_CLASSES; class++)
	{
		if (table->classes[class] == NULL)
			continue;
		for (bin = 0; bin < FORGETTING_BINS; bin++)
		{
			const Cell *cell = &table->classes[class][bin];

			if (cell->reviews == 0)
				continue;
			WireWriteByte(buf, (uint8) class);
			WireWriteByte(buf, (uint8) bin);
			WireWriteInt64(buf, cell->reviews);
			WireWriteInt64(buf, cell->recalled);
			WireWriteInt64(buf, cell->codes);
		}
	}
}

static struct varlena *
ForgettingToState(const Forgetting *forgetting)
{
	StringInfoData buf;
	Run		   *runs;
	int			count;
	int			i;

	StateBegin(&buf, &forgetting_kind);
	WriteCells(&buf, &forgetting->pairs);
	if (!forgetting->has_cards)
	{
		WireWriteInt32(&buf, 0);
		return StateFinish(&buf);
	}

	runs = CanonicalRuns(forgetting, &count);
	CheckReviews((int64) count + forgetting->pool_count);
	WireWriteInt32(&buf, forgetting->cards.count);
	for (i = 0; i < count;)
	{
		const NameEntry *card = &forgetting->cards.names[runs[i].card];
		int			end = i;

		while (end < count && runs[end].card == runs[i].card)
			end++;
		WireWriteName(&buf, card->bytes, card->length);
		WireWriteInt32(&buf, end - i);
		for (; i < end; i++)
		{
			const Run  *run = &runs[i];
			int			j;

			WireWriteByte(&buf, (run->recalled ? RUN_RECALLED : 0) |
						  (run->pairs > 0 ? RUN_HAS_PAIRS : 0) |
						  (run->counted ? RUN_COUNTED : 0));
			WireWriteInt64(&buf, run->first);
			if (run->counted)
			{
				WireWriteInt64(&buf, run->last);
				WireWriteInt32(&buf, run->successes);
				WireWriteInt32(&buf, run->lapses);
			}
			if (run->pairs == 0)
				continue;
			WireWriteInt64(&buf, run->last);
			WireWriteInt32(&buf, run->pairs);
			for (j = 0; j < run->pairs; j++)
			{
				uint16		pair = forgetting->pool[run->pairs_at + j];

				WireWriteByte(&buf, pair >> 8);
				WireWriteByte(&buf, pair & 0xFF);
			}
		}
	}
	pfree(runs);
	return StateFinish(&buf);
}

/* Bytes of one pair. */
#define WIRE_PAIR_BYTES 2

/*
 * The fields after the header.  Cards come out numbered in byte order and runs
 * in the order of CanonicalRuns.  foreign says that the bytes come from
 * outside, where the gaps of sealed runs are checked too.
 */
static Forgetting *
ForgettingRead(WireReader *reader, MemoryContext context, bool foreign)
{
	StateSource source = {reader, NULL};
	Forgetting *forgetting = ForgettingNew(context);
	int			count;
	int			previous_cell = -1;
	const char *previous = NULL;
	size_t		previous_length = 0;
	uint16	   *pairs = NULL;
	int			pairs_capacity = 0;
	int			i;

	count = WireReadCount(reader, FORGETTING_CELLS, FORGETTING_MIN_CELL_BYTES,
						  "cells");
	for (i = 0; i < count; i++)
	{
		int			class = WireReadByte(reader);
		int			bin = WireReadByte(reader);
		Cell		cell;

		if (class >= FORGETTING_CLASSES || bin >= FORGETTING_BINS)
			WireInvalid(reader, "a cell lies outside the grid");
		if (class * FORGETTING_BINS + bin <= previous_cell)
			WireInvalid(reader, "its cells are not in ascending order");
		previous_cell = class * FORGETTING_BINS + bin;
		cell.reviews = WireReadInt64(reader);
		cell.recalled = WireReadInt64(reader);
		cell.codes = WireReadInt64(reader);
		ValidateCell(&cell, bin, &source);
		*CellOf(&forgetting->pairs, class, bin) = cell;
	}

	count = WireReadCount(reader, FORGETTING_MAX_CARDS, FORGETTING_MIN_CARD_BYTES,
						  "cards");
	for (i = 0; i < count; i++)
	{
		size_t		length;
		char	   *name = WireReadName(reader, &length);
		int			card;
		int			runs;
		Run			before;
		int			j;

		CHECK_FOR_INTERRUPTS();
		if (previous != NULL &&
			NameCompare(previous, previous_length, name, length) >= 0)
			WireInvalid(reader, "its cards are not in ascending order");
		previous = name;
		previous_length = length;
		card = ForgettingCard(forgetting, name, length);
		runs = WireReadCount(reader, FORGETTING_MAX_REVIEWS,
							 FORGETTING_MIN_RUN_BYTES, "runs");
		if (runs < 1)
			WireInvalid(reader, "a card has no reviews");
		for (j = 0; j < runs; j++)
		{
			uint8		flags = WireReadByte(reader);
			Run			run;
			int			k;

			if ((flags & ~(RUN_RECALLED | RUN_HAS_PAIRS | RUN_COUNTED)) != 0 ||
				(flags & (RUN_HAS_PAIRS | RUN_COUNTED)) == (RUN_HAS_PAIRS | RUN_COUNTED))
				WireInvalid(reader, "a run of reviews has unknown flags");
			run.card = card;
			run.counted = (flags & RUN_COUNTED) != 0;
			run.successes = run.lapses = 0;
			run.recalled = (flags & RUN_RECALLED) != 0;
			run.first = run.last = WireReadInt64(reader);
			run.pairs = run.pairs_at = 0;
			if (run.counted)
			{
				run.last = WireReadInt64(reader);
				run.successes = WireReadInt32(reader);
				run.lapses = WireReadInt32(reader);
			}
			if ((flags & RUN_HAS_PAIRS) != 0)
			{
				run.last = WireReadInt64(reader);
				run.pairs = WireReadCount(reader, FORGETTING_MAX_REVIEWS,
										  WIRE_PAIR_BYTES, "pairs");
				if (run.pairs < 1)
					WireInvalid(reader, "a run of several reviews has no pairs");
				if (run.pairs > pairs_capacity)
				{
					pairs_capacity = Max(run.pairs, 64);
					if (pairs != NULL)
						pfree(pairs);
					pairs = palloc(sizeof(uint16) * pairs_capacity);
				}
				for (k = 0; k < run.pairs; k++)
				{
					int			high = WireReadByte(reader);

					pairs[k] = (uint16) (high << 8 | WireReadByte(reader));
				}
			}
			ValidateRun(&run, j > 0 ? &before : NULL, &source);
			if (foreign)
				ValidatePairs(&run, pairs, &source);
			if ((int64) forgetting->run_count + 1 + forgetting->pool_count + run.pairs >
				FORGETTING_MAX_REVIEWS)
				WireInvalid(reader, psprintf("it has more than %d reviews", FORGETTING_MAX_REVIEWS));
			RunAdd(forgetting, &run, pairs);
			before = run;
		}
	}
	WireReadEnd(reader);
	if (foreign)
		ValidateCounted(forgetting, &source);
	return forgetting;
}

static Forgetting *
ForgettingFromState(struct varlena *value, MemoryContext context)
{
	WireReader	reader;

	(void) StateOpen(&reader, value, &forgetting_kind);
	return ForgettingRead(&reader, context, false);
}

#define PG_GETARG_FORGETTING(n) \
	ForgettingFromState(PG_GETARG_VARLENA_PP(n), CurrentMemoryContext)
#define PG_RETURN_FORGETTING(forgetting) \
	PG_RETURN_POINTER(ForgettingToState(forgetting))

static void
ReadTextCells(TextReader *reader, Forgetting *forgetting)
{
	StateSource source = {NULL, reader};
	int			count = 0;
	int			previous = -1;

	TextReadArray(reader, "pairs");
	while (TextReadMore(reader, count))
	{
		int			class;
		int			bin;
		Cell		cell;

		CHECK_FOR_INTERRUPTS();
		TextReadObject(reader, NULL);
		class = ClassOf(TextReadInt(reader, "successes", 0, FORGETTING_MAX_SUCCESSES), 0);
		class += (int) TextReadInt(reader, "lapses", 0, FORGETTING_MAX_LAPSES);
		bin = (int) TextReadInt(reader, "bin", 0, FORGETTING_BINS - 1);
		cell.reviews = TextReadInt(reader, "reviews", 1, FORGETTING_MAX_PAIRS);
		cell.recalled = TextReadInt(reader, "recalled", 0, FORGETTING_MAX_PAIRS);
		cell.codes = TextReadInt(reader, "codes", 0, PG_INT64_MAX);
		TextReadObjectEnd(reader);
		if (TextFailed(reader))
			return;
		ValidateCell(&cell, bin, &source);
		if (!TextFailed(reader) && class * FORGETTING_BINS + bin <= previous)
			TextInvalid(reader, "its pairs are not in ascending order");
		if (TextFailed(reader))
			return;
		previous = class * FORGETTING_BINS + bin;
		*CellOf(&forgetting->pairs, class, bin) = cell;
		count++;
	}
}

static void
ReadTextRuns(TextReader *reader, Forgetting *forgetting, int card)
{
	StateSource source = {NULL, reader};
	int			pairs_capacity = 64;
	uint16	   *pairs = palloc(sizeof(uint16) * pairs_capacity);
	int			count = 0;
	Run			before;

	TextReadArray(reader, "runs");
	while (TextReadMore(reader, count))
	{
		Run			run;

		CHECK_FOR_INTERRUPTS();
		TextReadObject(reader, NULL);
		run.card = card;
		run.pairs = run.pairs_at = 0;
		run.successes = run.lapses = 0;
		run.first = TextReadInt(reader, "first", MIN_TIMESTAMP, END_TIMESTAMP - 1);
		run.last = TextReadInt(reader, "last", MIN_TIMESTAMP, END_TIMESTAMP - 1);
		run.recalled = TextReadInt(reader, "recalled", 0, 1) == 1;
		run.counted = TextReadNull(reader, "pairs");
		if (run.counted)
		{
			run.successes = (int32) TextReadInt(reader, "successes", 0, PG_INT32_MAX);
			run.lapses = (int32) TextReadInt(reader, "lapses", 0, PG_INT32_MAX);
		}
		else
			TextReadArray(reader, NULL);
		while (!run.counted && TextReadMore(reader, run.pairs))
		{
			if (run.pairs == FORGETTING_MAX_REVIEWS)
			{
				TextInvalid(reader, psprintf("it has more than %d reviews", FORGETTING_MAX_REVIEWS));
				return;
			}
			if (run.pairs == pairs_capacity)
			{
				pairs_capacity *= 2;
				pairs = repalloc(pairs, sizeof(uint16) * pairs_capacity);
			}
			pairs[run.pairs++] = (uint16) TextReadInt(reader, NULL, 0, PG_UINT16_MAX);
		}
		TextReadObjectEnd(reader);
		if (TextFailed(reader))
			return;
		ValidateRun(&run, count > 0 ? &before : NULL, &source);
		if (!TextFailed(reader))
			ValidatePairs(&run, pairs, &source);
		if (!TextFailed(reader) &&
			(int64) forgetting->run_count + 1 + forgetting->pool_count + run.pairs >
			FORGETTING_MAX_REVIEWS)
			TextInvalid(reader, psprintf("it has more than %d reviews", FORGETTING_MAX_REVIEWS));
		if (TextFailed(reader))
			return;
		RunAdd(forgetting, &run, pairs);
		before = run;
		count++;
	}
	if (count == 0)
		TextInvalid(reader, "a card has no reviews");
	pfree(pairs);
}

PG_FUNCTION_INFO_V1(forgetting_in);

/* text form to state */
PGDLLEXPORT Datum
forgetting_in(PG_FUNCTION_ARGS)
{
	TextReader	reader;
	Forgetting *forgetting = ForgettingNew(CurrentMemoryContext);
	char	   *previous = NULL;
	int			count = 0;

	(void) TextOpen(&reader, PG_GETARG_CSTRING(0), &forgetting_kind, fcinfo->context);
	ReadTextCells(&reader, forgetting);
	TextReadArray(&reader, "cards");
	while (TextReadMore(&reader, count))
	{
		char	   *name;

		CHECK_FOR_INTERRUPTS();
		TextReadObject(&reader, NULL);
		name = TextReadString(&reader, "card", BTWIN_MAX_NAME_BYTES);
		if (TextFailed(&reader))
			PG_RETURN_NULL();
		if (name[0] == '\0')
			TextInvalid(&reader, "a card has an empty name");
		else if (previous != NULL &&
				 NameCompare(previous, strlen(previous), name, strlen(name)) >= 0)
			TextInvalid(&reader, "its cards are not in ascending order");
		else if (count == FORGETTING_MAX_CARDS)
			TextInvalid(&reader, psprintf("it has more than %d cards", FORGETTING_MAX_CARDS));
		if (TextFailed(&reader))
			PG_RETURN_NULL();
		ReadTextRuns(&reader, forgetting,
					 ForgettingCard(forgetting, name, strlen(name)));
		TextReadObjectEnd(&reader);
		if (TextFailed(&reader))
			PG_RETURN_NULL();
		previous = name;
		count++;
	}
	TextReadEnd(&reader);
	if (!TextFailed(&reader))
	{
		StateSource source = {NULL, &reader};

		ValidateCounted(forgetting, &source);
	}
	if (TextFailed(&reader))
		PG_RETURN_NULL();
	PG_RETURN_FORGETTING(forgetting);
}

/* Of a state as it was read: runs in the order of CanonicalRuns. */
static char *
ForgettingToText(const Forgetting *forgetting)
{
	StringInfoData buf;
	int			class;
	int			bin;
	int			i;

	TextBegin(&buf, &forgetting_kind);
	TextBeginArray(&buf, "pairs");
	for (class = 0; class < FORGETTING_CLASSES; class++)
	{
		if (forgetting->pairs.classes[class] == NULL)
			continue;
		for (bin = 0; bin < FORGETTING_BINS; bin++)
		{
			const Cell *cell = &forgetting->pairs.classes[class][bin];

			if (cell->reviews == 0)
				continue;
			TextBeginObject(&buf, NULL);
			TextWriteInt(&buf, "successes", ClassSuccesses(class));
			TextWriteInt(&buf, "lapses", ClassLapses(class));
			TextWriteInt(&buf, "bin", bin);
			TextWriteInt(&buf, "reviews", cell->reviews);
			TextWriteInt(&buf, "recalled", cell->recalled);
			TextWriteInt(&buf, "codes", cell->codes);
			TextEndObject(&buf);
		}
	}
	TextEndArray(&buf);
	TextBeginArray(&buf, "cards");
	for (i = 0; i < forgetting->run_count; i++)
	{
		const Run  *run = &forgetting->runs[i];
		bool		opens = i == 0 || run[-1].card != run->card;
		bool		closes = i == forgetting->run_count - 1 || run[1].card != run->card;
		int			j;

		CHECK_FOR_INTERRUPTS();
		if (opens)
		{
			TextBeginObject(&buf, NULL);
			TextWriteString(&buf, "card", forgetting->cards.names[run->card].bytes);
			TextBeginArray(&buf, "runs");
		}
		TextBeginObject(&buf, NULL);
		TextWriteInt(&buf, "first", run->first);
		TextWriteInt(&buf, "last", run->last);
		TextWriteInt(&buf, "recalled", run->recalled);
		if (run->counted)
		{
			TextWriteNull(&buf, "pairs");
			TextWriteInt(&buf, "successes", run->successes);
			TextWriteInt(&buf, "lapses", run->lapses);
		}
		else
		{
			TextBeginArray(&buf, "pairs");
			for (j = 0; j < run->pairs; j++)
				TextWriteInt(&buf, NULL, forgetting->pool[run->pairs_at + j]);
			TextEndArray(&buf);
		}
		TextEndObject(&buf);
		if (closes)
		{
			TextEndArray(&buf);
			TextEndObject(&buf);
		}
	}
	TextEndArray(&buf);
	return TextFinish(&buf);
}

PG_FUNCTION_INFO_V1(forgetting_out);

/* state to text form */
PGDLLEXPORT Datum
forgetting_out(PG_FUNCTION_ARGS)
{
	PG_RETURN_CSTRING(ForgettingToText(PG_GETARG_FORGETTING(0)));
}

PG_FUNCTION_INFO_V1(forgetting_recv);

/* binary form to state */
PGDLLEXPORT Datum
forgetting_recv(PG_FUNCTION_ARGS)
{
	WireReader	reader;

	(void) StateOpenMessage(&reader, (StringInfo) PG_GETARG_POINTER(0), &forgetting_kind);
	PG_RETURN_FORGETTING(ForgettingRead(&reader, CurrentMemoryContext, true));
}

PG_FUNCTION_INFO_V1(forgetting_send);

/* state to binary form, which is what is stored */
PGDLLEXPORT Datum
forgetting_send(PG_FUNCTION_ARGS)
{
	PG_RETURN_FORGETTING(PG_GETARG_FORGETTING(0));
}

PG_FUNCTION_INFO_V1(forgetting_to_jsonb);

/* cast to jsonb */
PGDLLEXPORT Datum
forgetting_to_jsonb(PG_FUNCTION_ARGS)
{
	return TextToJsonb(ForgettingToText(PG_GETARG_FORGETTING(0)));
}

/*
 * Transition
 */

static inline Forgetting *
TransitionState(FunctionCallInfo fcinfo)
{
	if (PG_ARGISNULL(0))
		return ForgettingNew(AggregateContext(fcinfo));
	return (Forgetting *) PG_GETARG_POINTER(0);
}

static void
CheckElapsed(double days)
{
	CheckRange(days, 0.0, FORGETTING_MAX_DAYS, "elapsed_days");
}

PG_FUNCTION_INFO_V1(forgetting_accum);

/* one row: elapsed_days, recalled */
PGDLLEXPORT Datum
forgetting_accum(PG_FUNCTION_ARGS)
{
	Forgetting *forgetting = TransitionState(fcinfo);

	if (!PG_ARGISNULL(1) && !PG_ARGISNULL(2))
	{
		double		days = PG_GETARG_FLOAT8(1);

		CheckElapsed(days);
		CellAdd(&forgetting->pairs, 0, forgetting_code(days), PG_GETARG_BOOL(2));
	}
	PG_RETURN_POINTER(forgetting);
}

PG_FUNCTION_INFO_V1(forgetting_accum_history);

/* one row: elapsed_days, recalled, successes, lapses */
PGDLLEXPORT Datum
forgetting_accum_history(PG_FUNCTION_ARGS)
{
	Forgetting *forgetting = TransitionState(fcinfo);

	if (!PG_ARGISNULL(1) && !PG_ARGISNULL(2) && !PG_ARGISNULL(3) && !PG_ARGISNULL(4))
	{
		double		days = PG_GETARG_FLOAT8(1);
		int32		successes = PG_GETARG_INT32(3);
		int32		lapses = PG_GETARG_INT32(4);

		CheckElapsed(days);
		CheckIntRange(successes, 0, PG_INT32_MAX, "successes");
		CheckIntRange(lapses, 0, PG_INT32_MAX, "lapses");
		CellAdd(&forgetting->pairs, ClassOf(successes, lapses),
				forgetting_code(days), PG_GETARG_BOOL(2));
	}
	PG_RETURN_POINTER(forgetting);
}

PG_FUNCTION_INFO_V1(forgetting_accum_review);

/* one row: card_id, reviewed_at, recalled */
PGDLLEXPORT Datum
forgetting_accum_review(PG_FUNCTION_ARGS)
{
	Forgetting *forgetting = TransitionState(fcinfo);

	if (!PG_ARGISNULL(1) && !PG_ARGISNULL(2) && !PG_ARGISNULL(3))
	{
		text	   *card = PG_GETARG_TEXT_PP(1);
		TimestampTz at = PG_GETARG_TIMESTAMPTZ(2);
		Run			run;

		CheckNameLength(VARSIZE_ANY_EXHDR(card), "card_id");
		if (TIMESTAMP_NOT_FINITE(at))
			ereport(ERROR,
					(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
					 errmsg("\"reviewed_at\" must be a finite timestamp"),
					 errhint("Leave such rows out or pass NULL, which is skipped.")));
		run.card = ForgettingCard(forgetting, VARDATA_ANY(card), VARSIZE_ANY_EXHDR(card));
		run.first = run.last = at;
		run.pairs = run.pairs_at = 0;
		run.recalled = PG_GETARG_BOOL(3);
		run.counted = false;
		run.successes = run.lapses = 0;
		RunAdd(forgetting, &run, NULL);
	}
	PG_RETURN_POINTER(forgetting);
}

PG_FUNCTION_INFO_V1(forgetting_rollup_accum);

/* one stored state */
PGDLLEXPORT Datum
forgetting_rollup_accum(PG_FUNCTION_ARGS)
{
	Forgetting *forgetting = TransitionState(fcinfo);

	if (!PG_ARGISNULL(1))
		ForgettingMerge(forgetting, PG_GETARG_FORGETTING(1));
	PG_RETURN_POINTER(forgetting);
}

/*
 * Combine, serial pair, final
 */

PG_FUNCTION_INFO_V1(forgetting_combine);

PGDLLEXPORT Datum
forgetting_combine(PG_FUNCTION_ARGS)
{
	MemoryContext context = AggregateContext(fcinfo);
	Forgetting *into = PG_ARGISNULL(0) ? NULL : (Forgetting *) PG_GETARG_POINTER(0);

	if (PG_ARGISNULL(1))
	{
		if (into == NULL)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(into);
	}
	/* always a copy: the second state dies with the worker's tuple */
	if (into == NULL)
		into = ForgettingNew(context);
	ForgettingMerge(into, (Forgetting *) PG_GETARG_POINTER(1));
	PG_RETURN_POINTER(into);
}

PG_FUNCTION_INFO_V1(forgetting_serialize);

PGDLLEXPORT Datum
forgetting_serialize(PG_FUNCTION_ARGS)
{
	(void) AggregateContext(fcinfo);
	PG_RETURN_FORGETTING((Forgetting *) PG_GETARG_POINTER(0));
}

PG_FUNCTION_INFO_V1(forgetting_deserialize);

PGDLLEXPORT Datum
forgetting_deserialize(PG_FUNCTION_ARGS)
{
	(void) AggregateContext(fcinfo);
	PG_RETURN_POINTER(PG_GETARG_FORGETTING(0));
}

PG_FUNCTION_INFO_V1(forgetting_final);

/* only reads: a window calls it many times over one state */
PGDLLEXPORT Datum
forgetting_final(PG_FUNCTION_ARGS)
{
	(void) AggregateContext(fcinfo);
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	PG_RETURN_FORGETTING((Forgetting *) PG_GETARG_POINTER(0));
}

/*
 * Sealing
 */

PG_FUNCTION_INFO_V1(forgetting_seal);

/* each card's runs joined into one */
PGDLLEXPORT Datum
forgetting_seal(PG_FUNCTION_ARGS)
{
	Forgetting *forgetting = PG_GETARG_FORGETTING(0);
	Forgetting *sealed = ForgettingNew(CurrentMemoryContext);
	int			i;

	CellsMerge(&sealed->pairs, &forgetting->pairs);
	for (i = 0; i < forgetting->run_count;)
	{
		const Run  *runs = &forgetting->runs[i];
		const NameEntry *card = &forgetting->cards.names[runs->card];
		int			reviews = 0;
		uint16	   *pairs;
		Run			joined = *runs;
		int			count;
		int			j;

		CHECK_FOR_INTERRUPTS();
		joined.card = ForgettingCard(sealed, card->bytes, card->length);
		if (runs->counted)
		{
			/* has no gaps to join: it stays, and the others are joined */
			RunAdd(sealed, &joined, NULL);
			i++;
			if (i == forgetting->run_count || runs[1].card != runs->card)
				continue;
			runs++;
			joined = *runs;
			joined.card = ForgettingCard(sealed, card->bytes, card->length);
		}
		for (count = 0; i + count < forgetting->run_count; count++)
		{
			if (runs[count].card != runs->card)
				break;
			reviews += 1 + runs[count].pairs;
		}
		pairs = palloc(sizeof(uint16) * reviews);
		joined.pairs = 0;
		for (j = 0; j < count; j++)
		{
			if (j > 0)
				pairs[joined.pairs++] = PairOf(joined.last, runs[j].first, runs[j].recalled);
			memcpy(pairs + joined.pairs, forgetting->pool + runs[j].pairs_at,
				   sizeof(uint16) * runs[j].pairs);
			joined.pairs += runs[j].pairs;
			joined.last = runs[j].last;
		}
		RunAdd(sealed, &joined, pairs);
		pfree(pairs);
		i += count;
	}
	PG_RETURN_FORGETTING(sealed);
}

/*
 * Evidence
 */

/* What a card's reviews say, run by run: in the order of CanonicalRuns. */
typedef struct CardWalk
{
	int64		reviews;
	int64		successes;
	int64		lapses;
	bool		recalled;		/* the last one */
} CardWalk;

static inline void
WalkPair(CardWalk *walk, uint16 pair, CellTable *evidence)
{
	walk->recalled = PairRecalled(pair);
	if (evidence != NULL)
		CellAdd(evidence, ClassOf(walk->successes, walk->lapses),
				PairCode(pair), walk->recalled);
	walk->reviews++;
	if (walk->recalled)
		walk->successes++;
	else
		walk->lapses++;
}

/* The run at "at"; the walk starts anew with every card. */
static void
WalkRun(CardWalk *walk, const Forgetting *forgetting, int at, CellTable *evidence)
{
	const Run  *run = &forgetting->runs[at];
	int			j;

	if (at == 0 || run[-1].card != run->card)
	{
		/* of a run that is not counted both are 0 */
		walk->successes = run->successes;
		walk->lapses = run->lapses;
		walk->reviews = 1 + walk->successes + walk->lapses;
		walk->recalled = run->recalled;
	}
	else
		WalkPair(walk, PairOf(run[-1].last, run->first, run->recalled), evidence);
	for (j = 0; j < run->pairs; j++)
		WalkPair(walk, forgetting->pool[run->pairs_at + j], evidence);
}

/* All reviews with a known time since the one before, in cells. */
static CellTable *
EvidenceOf(const Forgetting *forgetting)
{
	CellTable  *evidence = palloc0(sizeof(CellTable));
	CardWalk	walk = {0};
	int			i;

	evidence->context = CurrentMemoryContext;
	CellsMerge(evidence, &forgetting->pairs);
	for (i = 0; i < forgetting->run_count; i++)
		WalkRun(&walk, forgetting, i, evidence);
	return evidence;
}

PG_FUNCTION_INFO_V1(forgetting_condense);

/* each card's runs become one counted run, their gaps pairs */
PGDLLEXPORT Datum
forgetting_condense(PG_FUNCTION_ARGS)
{
	Forgetting *forgetting = PG_GETARG_FORGETTING(0);
	Forgetting *condensed = ForgettingNew(CurrentMemoryContext);
	CardWalk	walk = {0};
	TimestampTz first = 0;
	int			i;

	CellsMerge(&condensed->pairs, &forgetting->pairs);
	for (i = 0; i < forgetting->run_count; i++)
	{
		const Run  *run = &forgetting->runs[i];
		const NameEntry *card = &forgetting->cards.names[run->card];
		Run			counted = {0};

		CHECK_FOR_INTERRUPTS();
		if (i == 0 || run[-1].card != run->card)
			first = run->first;
		WalkRun(&walk, forgetting, i, &condensed->pairs);
		if (i < forgetting->run_count - 1 && run[1].card == run->card)
			continue;
		counted.card = ForgettingCard(condensed, card->bytes, card->length);
		counted.first = first;
		counted.last = run->last;
		counted.recalled = walk.recalled;
		counted.counted = walk.reviews > 1;
		counted.successes = (int32) walk.successes;
		counted.lapses = (int32) walk.lapses;
		RunAdd(condensed, &counted, NULL);
	}
	PG_RETURN_FORGETTING(condensed);
}

static void
EvidenceFree(CellTable *evidence)
{
	int			class;

	for (class = 0; class < FORGETTING_CLASSES; class++)
		if (evidence->classes[class] != NULL)
			pfree(evidence->classes[class]);
	pfree(evidence);
}

typedef struct Evidence
{
	ForgettingCell *cells;
	int			count;
	int64		reviews;
	int64		recalled;
} Evidence;

static Evidence
EvidenceCells(const CellTable *table, MemoryContext context)
{
	Evidence	evidence = {NULL, 0, 0, 0};
	int			class;
	int			bin;

	evidence.cells = MemoryContextAlloc(context, sizeof(ForgettingCell) *
										Max(CellsCount(table), 1));
	for (class = 0; class < FORGETTING_CLASSES; class++)
	{
		if (table->classes[class] == NULL)
			continue;
		for (bin = 0; bin < FORGETTING_BINS; bin++)
		{
			const Cell *cell = &table->classes[class][bin];
			ForgettingCell *to = &evidence.cells[evidence.count];

			if (cell->reviews == 0)
				continue;
			to->log_days = forgetting_code_log_days((double) cell->codes / cell->reviews);
			to->successes = ClassSuccesses(class);
			to->lapses = ClassLapses(class);
			to->reviews = cell->reviews;
			to->recalled = cell->recalled;
			evidence.count++;
			evidence.reviews += cell->reviews;
			evidence.recalled += cell->recalled;
		}
	}
	return evidence;
}

/*
 * Priors
 */

/* learners, then mean and standard deviation of each parameter */
#define PRIOR_ATTRIBUTES (1 + 2 * FORGETTING_PARAMETERS)

/* The names of the type's attributes, for messages. */
static const char *const parameter_names[FORGETTING_PARAMETERS] = {
	"logit_amplitude", "ln_half_life", "ln_exponent", "ln_growth", "ln_loss"
};

static ForgettingPrior
PriorFromArgument(FunctionCallInfo fcinfo, int argument)
{
	HeapTupleHeader row;
	ForgettingPrior prior;
	int			j;

	if (PG_ARGISNULL(argument))
		return forgetting_default_prior;
	row = PG_GETARG_HEAPTUPLEHEADER(argument);
	for (j = 0; j < FORGETTING_PARAMETERS; j++)
	{
		char	   *sd_name = psprintf("%s_sd", parameter_names[j]);
		bool		isnull;
		Datum		value;

		value = GetAttributeByNum(row, 2 + 2 * j, &isnull);
		CheckNotNull(isnull, parameter_names[j]);
		prior.mean[j] = DatumGetFloat8(value);
		CheckRange(prior.mean[j], forgetting_low[j], forgetting_high[j], parameter_names[j]);
		value = GetAttributeByNum(row, 3 + 2 * j, &isnull);
		CheckNotNull(isnull, sd_name);
		prior.sd[j] = DatumGetFloat8(value);
		CheckRange(prior.sd[j], 0.0, FORGETTING_MAX_SD, sd_name);
		pfree(sd_name);
	}
	return prior;
}

static Datum
PriorDatum(FunctionCallInfo fcinfo, const ForgettingPrior *prior, int64 learners)
{
	Datum		values[PRIOR_ATTRIBUTES];
	bool		nulls[PRIOR_ATTRIBUTES] = {false};
	int			j;

	values[0] = Int64GetDatum(learners);
	for (j = 0; j < FORGETTING_PARAMETERS; j++)
	{
		values[1 + 2 * j] = Float8GetDatum(prior->mean[j]);
		values[2 + 2 * j] = Float8GetDatum(prior->sd[j]);
	}
	return RowDatum(fcinfo, values, nulls);
}

PG_FUNCTION_INFO_V1(forgetting_prior_default);

/* what is assumed of an unknown population */
PGDLLEXPORT Datum
forgetting_prior_default(PG_FUNCTION_ARGS)
{
	PG_RETURN_DATUM(PriorDatum(fcinfo, &forgetting_default_prior, 0));
}

/*
 * Fits, remembered from call to call: a query asks several things of one state,
 * or one thing of it for many cards.
 */

typedef struct Fit
{
	ForgettingFit fit;
	ForgettingPrior prior;
	int64		reviews;
	int64		recalled;
} Fit;

typedef struct FitMemory
{
	Size		size;
	char	   *bytes;			/* NULL: nothing remembered */
	Fit			fit;
} FitMemory;

/* at most a learner's and an item's state per call */
#define FIT_SLOTS 2

static const Fit *
FitOfArgument(FunctionCallInfo fcinfo, int argument, const ForgettingPrior *prior,
			  int slot)
{
	struct varlena *value = PG_GETARG_VARLENA_PP(argument);
	Size		size = VARSIZE_ANY_EXHDR(value);
	MemoryContext keep = fcinfo->flinfo->fn_mcxt;
	FitMemory  *memory = fcinfo->flinfo->fn_extra;
	CellTable  *table;
	Evidence	evidence;

	if (memory == NULL)
		memory = fcinfo->flinfo->fn_extra =
			MemoryContextAllocZero(keep, sizeof(FitMemory) * FIT_SLOTS);
	memory += slot;
	if (memory->bytes != NULL && memory->size == size &&
		memcmp(memory->bytes, VARDATA_ANY(value), size) == 0 &&
		memcmp(&memory->fit.prior, prior, sizeof(ForgettingPrior)) == 0)
		return &memory->fit;

	if (memory->bytes != NULL)
	{
		pfree(memory->bytes);
		memory->bytes = NULL;
	}
	table = EvidenceOf(ForgettingFromState(value, CurrentMemoryContext));
	evidence = EvidenceCells(table, CurrentMemoryContext);
	memory->fit.prior = *prior;
	memory->fit.reviews = evidence.reviews;
	memory->fit.recalled = evidence.recalled;
	forgetting_fit(evidence.cells, evidence.count, prior, NULL, &memory->fit.fit);
	pfree(evidence.cells);
	EvidenceFree(table);

	memory->bytes = MemoryContextAlloc(keep, Max(size, 1));
	memcpy(memory->bytes, VARDATA_ANY(value), size);
	memory->size = size;
	return &memory->fit;
}

static const Fit *
FitWithPrior(FunctionCallInfo fcinfo, int prior_argument)
{
	ForgettingPrior prior = PriorFromArgument(fcinfo, prior_argument);

	return FitOfArgument(fcinfo, 0, &prior, 0);
}

#define Variance(fit, parameter) \
	((fit)->covariance[(parameter) * FORGETTING_PARAMETERS + (parameter)])

/* Two-sided standard normal bound of an interval at a level. */
static double
LevelBound(FunctionCallInfo fcinfo, int argument)
{
	double		level;

	CheckNotNull(PG_ARGISNULL(argument), "level");
	level = PG_GETARG_FLOAT8(argument);
	CheckRange(level, 0.5, 0.9999, "level");
	return special_normal_quantile(0.5 + level / 2.0);
}

static double
HalfLife(const ForgettingFit *fit)
{
	return exp(fit->at[FORGETTING_LN_HALF_LIFE]);
}

/* Standard deviation of the log half-life, the model's own error included. */
static double
HalfLifeSd(const Fit *fit)
{
	double		variance = Variance(&fit->fit, FORGETTING_LN_HALF_LIFE);

	if (fit->reviews > 0 && fit->prior.sd[FORGETTING_LN_HALF_LIFE] > 0.0)
		variance += FORGETTING_MODEL_SD * FORGETTING_MODEL_SD;
	return sqrt(variance);
}

/* The share of the prior's variance of the log half-life that evidence removed. */
static double
Confidence(const Fit *fit)
{
	double		sd = fit->prior.sd[FORGETTING_LN_HALF_LIFE];

	if (sd == 0.0 || fit->reviews == 0)
		return 0.0;
	return num_clamp(1.0 - Variance(&fit->fit, FORGETTING_LN_HALF_LIFE) / (sd * sd),
					 0.0, 1.0);
}

/*
 * Accessors: estimates, NULL without evidence
 */

PG_FUNCTION_INFO_V1(forgetting_half_life);

/* days until recall is half of what it was */
PGDLLEXPORT Datum
forgetting_half_life(PG_FUNCTION_ARGS)
{
	const Fit  *fit;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	fit = FitWithPrior(fcinfo, 1);
	if (fit->reviews == 0)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(HalfLife(&fit->fit));
}

PG_FUNCTION_INFO_V1(forgetting_half_life_interval);

/* the interval of it */
PGDLLEXPORT Datum
forgetting_half_life_interval(PG_FUNCTION_ARGS)
{
	const Fit  *fit;
	double		z;
	double		sd;
	Datum		values[2];
	bool		nulls[2] = {false};

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	z = LevelBound(fcinfo, 1);
	fit = FitWithPrior(fcinfo, 2);
	if (fit->reviews == 0)
		PG_RETURN_NULL();
	sd = HalfLifeSd(fit);
	values[0] = Float8GetDatum(HalfLife(&fit->fit) * exp(-z * sd));
	values[1] = Float8GetDatum(HalfLife(&fit->fit) * exp(z * sd));
	PG_RETURN_DATUM(RowDatum(fcinfo, values, nulls));
}

PG_FUNCTION_INFO_V1(forgetting_decay_rate);

/* the exponential rate that has the same half-life */
PGDLLEXPORT Datum
forgetting_decay_rate(PG_FUNCTION_ARGS)
{
	const Fit  *fit;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	fit = FitWithPrior(fcinfo, 1);
	if (fit->reviews == 0)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(NUM_LN2 / HalfLife(&fit->fit));
}

PG_FUNCTION_INFO_V1(forgetting_amplitude);

/* recall right after a review */
PGDLLEXPORT Datum
forgetting_amplitude(PG_FUNCTION_ARGS)
{
	const Fit  *fit;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	fit = FitWithPrior(fcinfo, 1);
	if (fit->reviews == 0)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(num_logistic(fit->fit.at[FORGETTING_LOGIT_AMPLITUDE]));
}

PG_FUNCTION_INFO_V1(forgetting_confidence);

/* how much of what was not known of the half-life is known now */
PGDLLEXPORT Datum
forgetting_confidence(PG_FUNCTION_ARGS)
{
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(Confidence(FitWithPrior(fcinfo, 1)));
}

PG_FUNCTION_INFO_V1(forgetting_evidence_count);

/* reviews with a known time since the one before */
PGDLLEXPORT Datum
forgetting_evidence_count(PG_FUNCTION_ARGS)
{
	CellTable  *table = EvidenceOf(PG_GETARG_FORGETTING(0));

	PG_RETURN_INT64(EvidenceCells(table, CurrentMemoryContext).reviews);
}

PG_FUNCTION_INFO_V1(forgetting_curve);

/* everything about the curve in one row */
PGDLLEXPORT Datum
forgetting_curve(PG_FUNCTION_ARGS)
{
	const Fit  *fit;
	const double *at;
	double		z;
	double		sd;
	double		half_life;
	Datum		values[16];
	bool		nulls[16] = {false};

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	z = LevelBound(fcinfo, 1);
	fit = FitWithPrior(fcinfo, 2);
	at = fit->fit.at;

	sd = sqrt(Variance(&fit->fit, FORGETTING_LOGIT_AMPLITUDE));
	values[0] = Float8GetDatum(num_logistic(at[FORGETTING_LOGIT_AMPLITUDE]));
	values[1] = Float8GetDatum(num_logistic(at[FORGETTING_LOGIT_AMPLITUDE] - z * sd));
	values[2] = Float8GetDatum(num_logistic(at[FORGETTING_LOGIT_AMPLITUDE] + z * sd));
	half_life = HalfLife(&fit->fit);
	sd = HalfLifeSd(fit);
	values[3] = Float8GetDatum(half_life);
	values[4] = Float8GetDatum(half_life * exp(-z * sd));
	values[5] = Float8GetDatum(half_life * exp(z * sd));
	values[6] = Float8GetDatum(forgetting_stability(at, 0.0, 0.0));
	values[7] = Float8GetDatum(exp(at[FORGETTING_LN_EXPONENT]));
	values[8] = Float8GetDatum(exp(at[FORGETTING_LN_GROWTH]));
	values[9] = Float8GetDatum(exp(at[FORGETTING_LN_LOSS]));
	values[10] = Float8GetDatum(NUM_LN2 / half_life);
	values[11] = Float8GetDatum(Confidence(fit));
	values[12] = Int64GetDatum(fit->reviews);
	values[13] = Int64GetDatum(fit->recalled);
	values[14] = CStringGetTextDatum(fit->reviews > 0 ? "posterior_mode" : "population");
	nulls[15] = fit->reviews > 0;
	values[15] = nulls[15] ? (Datum) 0 :
		CStringGetTextDatum("no review has an earlier review of the same card");
	PG_RETURN_DATUM(RowDatum(fcinfo, values, nulls));
}

PG_FUNCTION_INFO_V1(forgetting_parameters);

/* prior and posterior of each parameter, in the scale of the fit */
PGDLLEXPORT Datum
forgetting_parameters(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	const Fit  *fit;
	int			j;

	InitMaterializedSRF(fcinfo, 0);
	if (PG_ARGISNULL(0))
		return (Datum) 0;
	fit = FitWithPrior(fcinfo, 1);
	for (j = 0; j < FORGETTING_PARAMETERS; j++)
	{
		Datum		values[5];
		bool		nulls[5] = {false};

		values[0] = CStringGetTextDatum(parameter_names[j]);
		values[1] = Float8GetDatum(fit->prior.mean[j]);
		values[2] = Float8GetDatum(fit->prior.sd[j]);
		values[3] = Float8GetDatum(fit->fit.at[j]);
		values[4] = Float8GetDatum(sqrt(Variance(&fit->fit, j)));
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
	return (Datum) 0;
}

PG_FUNCTION_INFO_V1(forgetting_contributions);

/*
 * What ln(half-life) is made of.  A normal posterior is the average of prior
 * and evidence, weighted by precision; with the weight of the prior = posterior
 * variance / prior variance, the evidence's own estimate follows.
 */
PGDLLEXPORT Datum
forgetting_contributions(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	const Fit  *fit;
	double		estimate;
	double		prior;
	double		confidence;
	Datum		values[4];
	bool		nulls[4] = {false};

	InitMaterializedSRF(fcinfo, 0);
	if (PG_ARGISNULL(0))
		return (Datum) 0;
	fit = FitWithPrior(fcinfo, 1);
	estimate = fit->fit.at[FORGETTING_LN_HALF_LIFE];
	prior = fit->prior.mean[FORGETTING_LN_HALF_LIFE];
	confidence = Confidence(fit);

	values[0] = CStringGetTextDatum("population");
	values[1] = Float8GetDatum(prior);
	values[2] = Float8GetDatum(1.0 - confidence);
	values[3] = Float8GetDatum((1.0 - confidence) * prior);
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);

	values[0] = CStringGetTextDatum("reviews");
	nulls[1] = confidence <= 0.0;
	values[1] = Float8GetDatum(nulls[1] ? 0.0 :
							   (estimate - (1.0 - confidence) * prior) / confidence);
	values[2] = Float8GetDatum(confidence);
	values[3] = Float8GetDatum(estimate - (1.0 - confidence) * prior);
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	return (Datum) 0;
}

/*
 * Accessors: predictions, the population's without evidence
 */

typedef struct Prediction
{
	ForgettingFit fit;
	double		successes;
	double		lapses;
} Prediction;

/* Arguments successes, lapses at "counts"; item, prior, item_prior at "item". */
static Prediction
PredictionFromArguments(FunctionCallInfo fcinfo, int counts, int item)
{
	Prediction	prediction;
	ForgettingPrior prior = PriorFromArgument(fcinfo, item + 1);

	CheckNotNull(PG_ARGISNULL(counts), "successes");
	CheckNotNull(PG_ARGISNULL(counts + 1), "lapses");
	CheckIntRange(PG_GETARG_INT32(counts), 0, PG_INT32_MAX, "successes");
	CheckIntRange(PG_GETARG_INT32(counts + 1), 0, PG_INT32_MAX, "lapses");
	prediction.successes = PG_GETARG_INT32(counts);
	prediction.lapses = PG_GETARG_INT32(counts + 1);
	prediction.fit = FitOfArgument(fcinfo, 0, &prior, 0)->fit;
	if (!PG_ARGISNULL(item))
	{
		ForgettingPrior item_prior = PriorFromArgument(fcinfo, item + 2);
		const Fit  *item_fit = FitOfArgument(fcinfo, item, &item_prior, 1);

		prediction.fit = forgetting_combine_fits(&prediction.fit, &item_fit->fit, &item_prior);
	}
	return prediction;
}

PG_FUNCTION_INFO_V1(forgetting_retention);

/* chance of recall after some days */
PGDLLEXPORT Datum
forgetting_retention(PG_FUNCTION_ARGS)
{
	Prediction	p;
	double		days;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	days = PG_GETARG_FLOAT8(1);
	CheckNotNegative(days, "days");
	p = PredictionFromArguments(fcinfo, 2, 4);
	PG_RETURN_FLOAT8(forgetting_recall(p.fit.at, days, p.successes, p.lapses));
}

PG_FUNCTION_INFO_V1(forgetting_retention_interval);

/* the interval of it */
PGDLLEXPORT Datum
forgetting_retention_interval(PG_FUNCTION_ARGS)
{
	Prediction	p;
	double		days;
	double		z;
	double		low;
	double		high;
	Datum		values[2];
	bool		nulls[2] = {false};

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	days = PG_GETARG_FLOAT8(1);
	CheckNotNegative(days, "days");
	z = LevelBound(fcinfo, 4);
	p = PredictionFromArguments(fcinfo, 2, 5);
	forgetting_recall_interval(&p.fit, days, p.successes, p.lapses, z, &low, &high);
	values[0] = Float8GetDatum(low);
	values[1] = Float8GetDatum(high);
	PG_RETURN_DATUM(RowDatum(fcinfo, values, nulls));
}

PG_FUNCTION_INFO_V1(forgetting_review_interval);

/* days until recall falls to the target */
PGDLLEXPORT Datum
forgetting_review_interval(PG_FUNCTION_ARGS)
{
	Prediction	p;
	double		target;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	target = PG_GETARG_FLOAT8(1);
	CheckRange(target, 0.01, 0.99, "target_retention");
	p = PredictionFromArguments(fcinfo, 2, 4);
	PG_RETURN_FLOAT8(Min(forgetting_days_to(p.fit.at, target, p.successes, p.lapses),
						 FORGETTING_MAX_DAYS));
}

/*
 * Accessors: what the state holds
 */

PG_FUNCTION_INFO_V1(forgetting_points);

/* one row per cell of evidence */
PGDLLEXPORT Datum
forgetting_points(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	CellTable  *table = EvidenceOf(PG_GETARG_FORGETTING(0));
	int			class;
	int			bin;

	InitMaterializedSRF(fcinfo, 0);
	for (class = 0; class < FORGETTING_CLASSES; class++)
	{
		if (table->classes[class] == NULL)
			continue;
		for (bin = 0; bin < FORGETTING_BINS; bin++)
		{
			const Cell *cell = &table->classes[class][bin];
			Datum		values[6];
			bool		nulls[6] = {false};

			if (cell->reviews == 0)
				continue;
			values[0] = Int32GetDatum(ClassSuccesses(class));
			values[1] = Int32GetDatum(ClassLapses(class));
			values[2] = Float8GetDatum(exp(forgetting_code_log_days((double) cell->codes /
																	cell->reviews)));
			values[3] = Int64GetDatum(cell->reviews);
			values[4] = Int64GetDatum(cell->recalled);
			values[5] = Float8GetDatum((double) cell->recalled / cell->reviews);
			tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
		}
	}
	return (Datum) 0;
}

PG_FUNCTION_INFO_V1(forgetting_cards);

/* one row per card */
PGDLLEXPORT Datum
forgetting_cards(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	Forgetting *forgetting = PG_GETARG_FORGETTING(0);
	CardWalk	walk = {0};
	TimestampTz first = 0;
	int			i;

	InitMaterializedSRF(fcinfo, 0);
	for (i = 0; i < forgetting->run_count; i++)
	{
		const Run  *run = &forgetting->runs[i];
		Datum		values[7];
		bool		nulls[7] = {false};

		CHECK_FOR_INTERRUPTS();
		if (i == 0 || run[-1].card != run->card)
			first = run->first;
		WalkRun(&walk, forgetting, i, NULL);
		if (i < forgetting->run_count - 1 && run[1].card == run->card)
			continue;
		values[0] = CStringGetTextDatum(forgetting->cards.names[run->card].bytes);
		values[1] = Int64GetDatum(walk.reviews);
		values[2] = Int32GetDatum((int32) walk.successes);
		values[3] = Int32GetDatum((int32) walk.lapses);
		values[4] = TimestampTzGetDatum(first);
		values[5] = TimestampTzGetDatum(run->last);
		values[6] = BoolGetDatum(walk.recalled);
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
	return (Datum) 0;
}

/*
 * The population's prior
 */

/* all cells of all learners; doubles, so 40 bytes each */
#define POPULATION_MAX_CELLS 4000000

#define POPULATION_MAX_ROUNDS 200
#define POPULATION_TOLERANCE 1e-7

typedef struct Population
{
	MemoryContext context;
	Evidence   *learners;
	int			count;
	int			capacity;
	int64		cells;
} Population;

PG_FUNCTION_INFO_V1(forgetting_prior_accum);

/* one learner's state */
PGDLLEXPORT Datum
forgetting_prior_accum(PG_FUNCTION_ARGS)
{
	MemoryContext context = AggregateContext(fcinfo);
	Population *population = PG_ARGISNULL(0) ? NULL : (Population *) PG_GETARG_POINTER(0);
	CellTable  *table;
	Evidence	evidence;

	if (population == NULL)
	{
		population = MemoryContextAllocZero(context, sizeof(Population));
		population->context = context;
		population->capacity = 16;
		population->learners = MemoryContextAlloc(context,
												  sizeof(Evidence) * population->capacity);
	}
	if (PG_ARGISNULL(1))
		PG_RETURN_POINTER(population);
	table = EvidenceOf(PG_GETARG_FORGETTING(1));
	evidence = EvidenceCells(table, context);
	if (evidence.reviews == 0)
	{
		pfree(evidence.cells);
		PG_RETURN_POINTER(population);
	}
	population->cells += evidence.count;
	CheckBound(population->cells, POPULATION_MAX_CELLS, "points",
			   "Estimate the population from a sample of learners.");
	if (population->count == population->capacity)
	{
		population->capacity *= 2;
		population->learners = repalloc(population->learners,
										sizeof(Evidence) * population->capacity);
	}
	population->learners[population->count++] = evidence;
	PG_RETURN_POINTER(population);
}

PG_FUNCTION_INFO_V1(forgetting_prior_final);

/* the prior that the learners' own fits agree with */
PGDLLEXPORT Datum
forgetting_prior_final(PG_FUNCTION_ARGS)
{
	Population *population;
	ForgettingPrior prior = forgetting_default_prior;
	double	   *starts;
	int			round;
	int			i;
	int			j;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	population = (Population *) PG_GETARG_POINTER(0);
	starts = MemoryContextAllocHuge(CurrentMemoryContext, sizeof(double) *
									FORGETTING_PARAMETERS * Max(population->count, 1));
	/* each round begins where the last one ended */
	for (i = 0; i < population->count; i++)
		memcpy(starts + i * FORGETTING_PARAMETERS, prior.mean, sizeof(prior.mean));
	for (round = 0; round < POPULATION_MAX_ROUNDS && population->count > 0; round++)
	{
		ForgettingPopulation sums;
		ForgettingPrior next;
		double		change = 0.0;

		forgetting_population_begin(&sums, &prior);
		for (i = 0; i < population->count; i++)
		{
			double	   *start = starts + i * FORGETTING_PARAMETERS;
			ForgettingFit fit = {0};

			CHECK_FOR_INTERRUPTS();
			forgetting_fit(population->learners[i].cells, population->learners[i].count,
						   &prior, start, &fit);
			memcpy(start, fit.at, sizeof(fit.at));
			forgetting_population_add(&sums, &fit);
		}
		forgetting_population_end(&sums, &forgetting_default_prior, &next);
		for (j = 0; j < FORGETTING_PARAMETERS; j++)
			change = Max(change, Max(fabs(next.mean[j] - prior.mean[j]),
									 fabs(next.sd[j] - prior.sd[j])));
		prior = next;
		if (change < POPULATION_TOLERANCE)
			break;
	}
	PG_RETURN_DATUM(PriorDatum(fcinfo, &prior, population->count));
}

/*
 * FSRS-6
 */

/* The weights of argument n, the published ones where it is NULL. */
static const double *
WeightsFromArgument(FunctionCallInfo fcinfo, int n)
{
	const double *w;
	int			count;

	if (PG_ARGISNULL(n))
		return fsrs6_default_weights;
	w = CheckFloatArray(PG_GETARG_ARRAYTYPE_P(n), "weights", &count);
	if (count != FSRS6_WEIGHTS)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("\"weights\" must have %d elements", FSRS6_WEIGHTS),
				 errdetail("Found %d.", count),
				 errhint("Pass all weights of FSRS-6, w0 first.")));
	CheckPositive(w[FSRS6_WEIGHTS - 1], "weights[21]");
	return w;
}

static void
CheckStability(double stability)
{
	CheckRange(stability, FSRS6_MIN_STABILITY, FSRS6_MAX_STABILITY, "stability");
}

static int
CheckGrade(int32 grade)
{
	CheckIntRange(grade, 1, 4, "grade");
	return grade;
}

/* Weights of any size can leave the range of a double. */
static double
CheckResult(double value)
{
	if (!isfinite(value))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("result of FSRS-6 is out of range"),
				 errdetail("The given weights lead to %s.", isnan(value) ? "NaN" : "an infinite number"),
				 errhint("Use weights that FSRS-6 was trained to.")));
	return value;
}

static bool
AnyArgumentNull(FunctionCallInfo fcinfo, int count)
{
	int			i;

	for (i = 0; i < count; i++)
		if (PG_ARGISNULL(i))
			return true;
	return false;
}

PG_FUNCTION_INFO_V1(forgetting_fsrs6_retrievability);

PGDLLEXPORT Datum
forgetting_fsrs6_retrievability(PG_FUNCTION_ARGS)
{
	if (AnyArgumentNull(fcinfo, 2))
		PG_RETURN_NULL();
	CheckNotNegative(PG_GETARG_FLOAT8(0), "elapsed_days");
	CheckStability(PG_GETARG_FLOAT8(1));
	PG_RETURN_FLOAT8(CheckResult(fsrs6_retrievability(WeightsFromArgument(fcinfo, 2),
													  PG_GETARG_FLOAT8(0),
													  PG_GETARG_FLOAT8(1))));
}

PG_FUNCTION_INFO_V1(forgetting_fsrs6_interval);

PGDLLEXPORT Datum
forgetting_fsrs6_interval(PG_FUNCTION_ARGS)
{
	if (AnyArgumentNull(fcinfo, 2))
		PG_RETURN_NULL();
	CheckRange(PG_GETARG_FLOAT8(0), 0.01, 0.99, "target_retention");
	CheckStability(PG_GETARG_FLOAT8(1));
	PG_RETURN_FLOAT8(CheckResult(fsrs6_interval(WeightsFromArgument(fcinfo, 2),
												PG_GETARG_FLOAT8(0),
												PG_GETARG_FLOAT8(1))));
}

PG_FUNCTION_INFO_V1(forgetting_fsrs6_first);

/* stability and difficulty after the first review */
PGDLLEXPORT Datum
forgetting_fsrs6_first(PG_FUNCTION_ARGS)
{
	const double *w;
	int			grade;
	Datum		values[2];
	bool		nulls[2] = {false};

	if (AnyArgumentNull(fcinfo, 1))
		PG_RETURN_NULL();
	grade = CheckGrade(PG_GETARG_INT32(0));
	w = WeightsFromArgument(fcinfo, 1);
	values[0] = Float8GetDatum(CheckResult(fsrs6_initial_stability(w, grade)));
	values[1] = Float8GetDatum(CheckResult(fsrs6_initial_difficulty(w, grade)));
	PG_RETURN_DATUM(RowDatum(fcinfo, values, nulls));
}

PG_FUNCTION_INFO_V1(forgetting_fsrs6_next);

/* stability and difficulty after a later review */
PGDLLEXPORT Datum
forgetting_fsrs6_next(PG_FUNCTION_ARGS)
{
	const double *w;
	double		stability;
	double		difficulty;
	double		days;
	int			grade;
	Datum		values[2];
	bool		nulls[2] = {false};

	if (AnyArgumentNull(fcinfo, 4))
		PG_RETURN_NULL();
	stability = PG_GETARG_FLOAT8(0);
	difficulty = PG_GETARG_FLOAT8(1);
	days = PG_GETARG_FLOAT8(2);
	CheckStability(stability);
	CheckRange(difficulty, FSRS6_MIN_DIFFICULTY, FSRS6_MAX_DIFFICULTY, "difficulty");
	CheckNotNegative(days, "elapsed_days");
	grade = CheckGrade(PG_GETARG_INT32(3));
	w = WeightsFromArgument(fcinfo, 4);
	stability = fsrs6_next_stability(w, stability, difficulty, days, grade);
	difficulty = fsrs6_next_difficulty(w, difficulty, grade);
	values[0] = Float8GetDatum(CheckResult(stability));
	values[1] = Float8GetDatum(CheckResult(difficulty));
	PG_RETURN_DATUM(RowDatum(fcinfo, values, nulls));
}
