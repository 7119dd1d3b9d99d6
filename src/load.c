/*
 * load.c
 *		The cognitive load family: how hard a session was for this learner.
 *
 * Two states.  btwin.cognitive_load keeps the answers of one session, each with
 * its time, sorted, so that neither the order of rows nor that of merges
 * matters.  btwin.load_baseline keeps what months of sessions say of the
 * learner's norm: counts, and histograms of latency and length on a fixed grid.
 */
#include "postgres.h"

#include <math.h>

#include "common/int.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "agg.h"
#include "btwin.h"
#include "check.h"
#include "load_math.h"
#include "num.h"
#include "result.h"
#include "state.h"
#include "text.h"

/*
 * Layout
 */

#define LOAD_VERSION 1
#define LOAD_MAX_ANSWERS 10000

/* time and flags */
#define LOAD_MIN_ANSWER_BYTES (8 + 1)

/* flags of a stored answer: the outcome in two bits, and what follows */
#define ANSWER_OUTCOME 0x03
#define ANSWER_HAS_LATENCY 0x04
#define ANSWER_HAS_PAUSE 0x08

static const StateKind load_kind = {BTWIN_COGNITIVE_LOAD, LOAD_VERSION, "btwin.cognitive_load"};

typedef struct Load
{
	MemoryContext context;
	LoadAnswer *answers;
	int			count;
	int			capacity;
	bool		sorted;
} Load;

/* first stretch of memory: a session is mostly larger, a window frame not */
#define LOAD_FIRST_ANSWERS 8

#define BASELINE_VERSION 1

/* step from the bin before, and count */
#define BASELINE_MIN_BIN_BYTES 2

/* three of latency, one of length */
#define BASELINE_HISTOGRAMS (LOAD_OUTCOMES + 1)
#define BASELINE_LENGTH LOAD_OUTCOMES

static const StateKind baseline_kind = {BTWIN_LOAD_BASELINE, BASELINE_VERSION, "btwin.load_baseline"};

typedef struct Histogram
{
	LoadBin    *bins;			/* ascending */
	int			nbins;
	int			capacity;
} Histogram;

typedef struct Baseline
{
	MemoryContext context;
	int64		sessions;
	int64		right;
	int64		wrong;
	int64		pause_ms;
	int64		paused_session_ms;
	Histogram	histograms[BASELINE_HISTOGRAMS];
} Baseline;

/* names of the histograms in the text form */
static const char *const histogram_names[BASELINE_HISTOGRAMS] = {
	"latency_unknown", "latency_incorrect", "latency_correct", "session_length"
};

static Load *
LoadNew(MemoryContext context)
{
	Load	   *load = MemoryContextAlloc(context, sizeof(Load));

	load->context = context;
	load->answers = NULL;
	load->count = 0;
	load->capacity = 0;
	load->sorted = true;
	return load;
}

/* Room for "more" answers beside those that are there. */
static void
LoadReserve(Load *load, int more)
{
	int64		needed = (int64) load->count + more;
	int64		capacity = load->capacity;

	if (likely(needed <= capacity))
		return;
	CheckBound(needed, LOAD_MAX_ANSWERS, "answers",
			   "Aggregate one session at a time, and merge sessions as baseline(load).");
	capacity = Max(Max(needed, capacity * 2), LOAD_FIRST_ANSWERS);
	capacity = Min(capacity, LOAD_MAX_ANSWERS);
	if (load->answers == NULL)
		load->answers = MemoryContextAlloc(load->context, sizeof(LoadAnswer) * capacity);
	else
		load->answers = repalloc(load->answers, sizeof(LoadAnswer) * capacity);
	load->capacity = (int) capacity;
}

static inline void
LoadAdd(Load *load, const LoadAnswer *answer)
{
	const LoadAnswer *last;

	LoadReserve(load, 1);
	last = load->answers + load->count - 1;
	/* later rows mostly have later times: compare the rest only on a tie */
	if (load->count > 0 && last->at >= answer->at &&
		load_answer_compare(last, answer) > 0)
		load->sorted = false;
	load->answers[load->count++] = *answer;
}

static void
LoadMerge(Load *into, const Load *from)
{
	if (from->count == 0)
		return;
	LoadReserve(into, from->count);
	if (!from->sorted ||
		(into->count > 0 &&
		 load_answer_compare(&into->answers[into->count - 1], &from->answers[0]) > 0))
		into->sorted = false;
	memcpy(&into->answers[into->count], from->answers, sizeof(LoadAnswer) * from->count);
	into->count += from->count;
}

static int
CompareAnswers(const void *a, const void *b)
{
	return load_answer_compare((const LoadAnswer *) a, (const LoadAnswer *) b);
}

/* The answers in order: the state's own, or a sorted copy of them. */
static const LoadAnswer *
LoadSorted(const Load *load)
{
	LoadAnswer *copy;

	if (load->sorted)
		return load->answers;
	copy = palloc(sizeof(LoadAnswer) * load->count);
	memcpy(copy, load->answers, sizeof(LoadAnswer) * load->count);
	qsort(copy, load->count, sizeof(LoadAnswer), CompareAnswers);
	return copy;
}

/* What any answer of a valid state obeys; shared by both input forms. */
static void
ValidateAnswer(const LoadAnswer *answer, const LoadAnswer *previous,
			   const StateSource *source)
{
	if (TIMESTAMP_NOT_FINITE(answer->at) || !IS_VALID_TIMESTAMP(answer->at))
		StateInvalid(source, "the time of an answer is out of range");
	else if (answer->outcome == LOAD_UNKNOWN && answer->latency_ms == LOAD_MISSING)
		StateInvalid(source, "an answer has neither latency nor outcome");
	else if (previous != NULL && load_answer_compare(previous, answer) > 0)
		StateInvalid(source, "its answers are not in ascending order");
}

static Baseline *
BaselineNew(MemoryContext context)
{
	Baseline   *baseline = MemoryContextAllocZero(context, sizeof(Baseline));

	baseline->context = context;
	return baseline;
}

static void
AddCount(int64 *into, int64 count)
{
	if (pg_add_s64_overflow(*into, count, into))
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many observations in one state"),
				 errdetail("A count of the baseline passed " INT64_FORMAT ".", PG_INT64_MAX),
				 errhint("Merge fewer baselines.")));
}

static void
HistogramAdd(Baseline *baseline, int number, int bin, int64 count)
{
	Histogram  *h = &baseline->histograms[number];
	int			low = 0;
	int			high = h->nbins;

	/* mostly behind the last one: histograms are read and merged in order */
	if (high > 0 && h->bins[high - 1].bin < bin)
		low = high;
	while (low < high)
	{
		int			middle = (low + high) / 2;

		if (h->bins[middle].bin < bin)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < h->nbins && h->bins[low].bin == bin)
	{
		AddCount(&h->bins[low].count, count);
		return;
	}
	if (h->nbins == h->capacity)
	{
		h->capacity = Max(8, h->capacity * 2);
		if (h->bins == NULL)
			h->bins = MemoryContextAlloc(baseline->context, sizeof(LoadBin) * h->capacity);
		else
			h->bins = repalloc(h->bins, sizeof(LoadBin) * h->capacity);
	}
	memmove(&h->bins[low + 1], &h->bins[low], sizeof(LoadBin) * (h->nbins - low));
	h->bins[low].bin = bin;
	h->bins[low].count = count;
	h->nbins++;
}

static void
BaselineMerge(Baseline *into, const Baseline *from)
{
	int			i;
	int			j;

	AddCount(&into->sessions, from->sessions);
	AddCount(&into->right, from->right);
	AddCount(&into->wrong, from->wrong);
	AddCount(&into->pause_ms, from->pause_ms);
	AddCount(&into->paused_session_ms, from->paused_session_ms);
	for (i = 0; i < BASELINE_HISTOGRAMS; i++)
		for (j = 0; j < from->histograms[i].nbins; j++)
			HistogramAdd(into, i, from->histograms[i].bins[j].bin,
						 from->histograms[i].bins[j].count);
}

/* One session more. */
static void
BaselineAddSession(Baseline *baseline, const LoadAnswer *answers, int count,
				   double minutes)
{
	bool		paused = false;
	int			i;

	if (count == 0)
		return;
	if (minutes < 0.0)
		minutes = load_minutes(answers, count);
	AddCount(&baseline->sessions, 1);
	for (i = 0; i < count; i++)
	{
		const LoadAnswer *answer = &answers[i];

		if (answer->outcome == LOAD_RIGHT)
			AddCount(&baseline->right, 1);
		else if (answer->outcome == LOAD_WRONG)
			AddCount(&baseline->wrong, 1);
		if (answer->latency_ms != LOAD_MISSING)
			HistogramAdd(baseline, answer->outcome, load_bin(answer->latency_ms), 1);
		if (answer->pause_ms != LOAD_MISSING)
		{
			paused = true;
			AddCount(&baseline->pause_ms, load_pause_ms(answer->pause_ms));
		}
	}
	HistogramAdd(baseline, BASELINE_LENGTH, load_bin(minutes * 60000.0), 1);
	if (paused)
		AddCount(&baseline->paused_session_ms,
				 (int64) num_round_half_up(minutes * 60000.0));
}

static LoadHistory
BaselineHistory(const Baseline *baseline)
{
	LoadHistory history;
	int			i;

	memset(&history, 0, sizeof(history));
	history.sessions = baseline->sessions;
	history.right = baseline->right;
	history.wrong = baseline->wrong;
	history.pause_ms = baseline->pause_ms;
	history.paused_session_ms = baseline->paused_session_ms;
	for (i = 0; i < LOAD_OUTCOMES; i++)
	{
		history.latency[i].nbins = baseline->histograms[i].nbins;
		history.latency[i].bins = baseline->histograms[i].bins;
	}
	history.length.nbins = baseline->histograms[BASELINE_LENGTH].nbins;
	history.length.bins = baseline->histograms[BASELINE_LENGTH].bins;
	return history;
}

/* What any valid baseline obeys; shared by both input forms. */
static void
ValidateBaseline(const Baseline *baseline, const StateSource *source)
{
	int64		totals[BASELINE_HISTOGRAMS];
	int			i;
	int			j;

	for (i = 0; i < BASELINE_HISTOGRAMS; i++)
	{
		totals[i] = 0;
		for (j = 0; j < baseline->histograms[i].nbins; j++)
			if (pg_add_s64_overflow(totals[i], baseline->histograms[i].bins[j].count, &totals[i]))
			{
				StateInvalid(source, "the counts of a histogram are too large");
				return;
			}
	}
	if (baseline->sessions < 0 || baseline->right < 0 || baseline->wrong < 0 ||
		baseline->pause_ms < 0 || baseline->paused_session_ms < 0)
		StateInvalid(source, "a count is negative");
	else if (totals[BASELINE_LENGTH] != baseline->sessions)
		StateInvalid(source, "there is not one length for each session");
	else if (totals[LOAD_RIGHT] > baseline->right || totals[LOAD_WRONG] > baseline->wrong)
		StateInvalid(source, "there are more latencies than answers");
	else if (baseline->sessions == 0 &&
			 (baseline->right > 0 || baseline->wrong > 0 || totals[LOAD_UNKNOWN] > 0 ||
			  baseline->pause_ms > 0 || baseline->paused_session_ms > 0))
		StateInvalid(source, "it has answers and no session");
}

/*
 * Input and output: cognitive_load
 */

static struct varlena *
LoadToState(const Load *load)
{
	StringInfoData buf;
	const LoadAnswer *answers = LoadSorted(load);
	int			i;

	StateBegin(&buf, &load_kind);
	WireWriteInt32(&buf, load->count);
	for (i = 0; i < load->count; i++)
	{
		const LoadAnswer *answer = &answers[i];
		bool		latency = answer->latency_ms != LOAD_MISSING;
		bool		pause = answer->pause_ms != LOAD_MISSING;

		WireWriteInt64(&buf, answer->at);
		WireWriteByte(&buf, (uint8) (answer->outcome |
									 (latency ? ANSWER_HAS_LATENCY : 0) |
									 (pause ? ANSWER_HAS_PAUSE : 0)));
		if (latency)
			WireWriteFloat(&buf, answer->latency_ms);
		if (pause)
			WireWriteFloat(&buf, answer->pause_ms);
	}
	return StateFinish(&buf);
}

static double
WireReadDuration(WireReader *reader)
{
	double		ms = WireReadFloat(reader);

	if (ms < 0.0)
		WireInvalid(reader, "it holds a negative duration");
	return ms;
}

static Load *
LoadRead(WireReader *reader, MemoryContext context)
{
	StateSource source = {reader, NULL};
	Load	   *load = LoadNew(context);
	int			count = WireReadCount(reader, LOAD_MAX_ANSWERS,
									  LOAD_MIN_ANSWER_BYTES, "answers");
	int			i;

	LoadReserve(load, count);
	for (i = 0; i < count; i++)
	{
		LoadAnswer *answer = &load->answers[i];
		uint8		flags;

		answer->at = WireReadInt64(reader);
		flags = WireReadByte(reader);
		if ((flags & ~(ANSWER_OUTCOME | ANSWER_HAS_LATENCY | ANSWER_HAS_PAUSE)) != 0 ||
			(flags & ANSWER_OUTCOME) >= LOAD_OUTCOMES)
			WireInvalid(reader, "an answer has unknown flags");
		answer->outcome = (LoadOutcome) (flags & ANSWER_OUTCOME);
		answer->latency_ms = (flags & ANSWER_HAS_LATENCY) != 0 ?
			WireReadDuration(reader) : LOAD_MISSING;
		answer->pause_ms = (flags & ANSWER_HAS_PAUSE) != 0 ?
			WireReadDuration(reader) : LOAD_MISSING;
		ValidateAnswer(answer, i > 0 ? answer - 1 : NULL, &source);
		load->count++;
	}
	WireReadEnd(reader);
	return load;
}

static Load *
LoadFromState(struct varlena *value, MemoryContext context)
{
	WireReader	reader;

	(void) StateOpen(&reader, value, &load_kind);
	return LoadRead(&reader, context);
}

#define PG_GETARG_LOAD(n) \
	LoadFromState(PG_GETARG_VARLENA_PP(n), CurrentMemoryContext)
#define PG_RETURN_LOAD(load) \
	PG_RETURN_POINTER(LoadToState(load))

static double
TextReadDuration(TextReader *reader, const char *key)
{
	double		ms;

	if (TextReadNull(reader, key))
		return LOAD_MISSING;
	ms = TextReadFloat(reader, NULL);
	if (!TextFailed(reader) && ms < 0.0)
		TextInvalid(reader, "a duration is negative");
	return ms;
}

static LoadOutcome
TextReadOutcome(TextReader *reader, const char *key)
{
	char	   *outcome;

	if (TextReadNull(reader, key))
		return LOAD_UNKNOWN;
	outcome = TextReadString(reader, NULL, 16);
	if (TextFailed(reader))
		return LOAD_UNKNOWN;
	if (strcmp(outcome, "correct") == 0)
		return LOAD_RIGHT;
	if (strcmp(outcome, "incorrect") == 0)
		return LOAD_WRONG;
	TextInvalid(reader, "an outcome is neither \"correct\" nor \"incorrect\" nor null");
	return LOAD_UNKNOWN;
}

PG_FUNCTION_INFO_V1(cognitive_load_in);

/* text form to state */
PGDLLEXPORT Datum
cognitive_load_in(PG_FUNCTION_ARGS)
{
	TextReader	reader;
	StateSource source = {NULL, &reader};
	Load	   *load = LoadNew(CurrentMemoryContext);

	(void) TextOpen(&reader, PG_GETARG_CSTRING(0), &load_kind, fcinfo->context);
	TextReadArray(&reader, "answers");
	while (TextReadMore(&reader, load->count))
	{
		LoadAnswer	answer;

		CHECK_FOR_INTERRUPTS();
		TextReadObject(&reader, NULL);
		answer.at = TextReadInt(&reader, "at", PG_INT64_MIN, PG_INT64_MAX);
		answer.outcome = TextReadOutcome(&reader, "outcome");
		answer.latency_ms = TextReadDuration(&reader, "latency_ms");
		answer.pause_ms = TextReadDuration(&reader, "pause_ms");
		TextReadObjectEnd(&reader);
		if (TextFailed(&reader))
			PG_RETURN_NULL();
		if (load->count == LOAD_MAX_ANSWERS)
			TextInvalid(&reader, psprintf("it has more than %d answers", LOAD_MAX_ANSWERS));
		else
			ValidateAnswer(&answer,
						   load->count > 0 ? &load->answers[load->count - 1] : NULL,
						   &source);
		if (TextFailed(&reader))
			PG_RETURN_NULL();
		LoadAdd(load, &answer);
	}
	TextReadEnd(&reader);
	if (TextFailed(&reader))
		PG_RETURN_NULL();
	PG_RETURN_LOAD(load);
}

static void
TextWriteDuration(StringInfo buf, const char *key, double ms)
{
	if (ms == LOAD_MISSING)
		TextWriteNull(buf, key);
	else
		TextWriteFloat(buf, key, ms);
}

static char *
LoadToText(const Load *load)
{
	StringInfoData buf;
	int			i;

	TextBegin(&buf, &load_kind);
	TextBeginArray(&buf, "answers");
	for (i = 0; i < load->count; i++)
	{
		const LoadAnswer *answer = &load->answers[i];

		TextBeginObject(&buf, NULL);
		TextWriteInt(&buf, "at", answer->at);
		if (answer->outcome == LOAD_UNKNOWN)
			TextWriteNull(&buf, "outcome");
		else
			TextWriteString(&buf, "outcome",
							answer->outcome == LOAD_RIGHT ? "correct" : "incorrect");
		TextWriteDuration(&buf, "latency_ms", answer->latency_ms);
		TextWriteDuration(&buf, "pause_ms", answer->pause_ms);
		TextEndObject(&buf);
	}
	TextEndArray(&buf);
	return TextFinish(&buf);
}

PG_FUNCTION_INFO_V1(cognitive_load_out);

/* state to text form */
PGDLLEXPORT Datum
cognitive_load_out(PG_FUNCTION_ARGS)
{
	PG_RETURN_CSTRING(LoadToText(PG_GETARG_LOAD(0)));
}

PG_FUNCTION_INFO_V1(cognitive_load_recv);

/* binary form to state */
PGDLLEXPORT Datum
cognitive_load_recv(PG_FUNCTION_ARGS)
{
	WireReader	reader;

	(void) StateOpenMessage(&reader, (StringInfo) PG_GETARG_POINTER(0), &load_kind);
	PG_RETURN_LOAD(LoadRead(&reader, CurrentMemoryContext));
}

PG_FUNCTION_INFO_V1(cognitive_load_send);

/* state to binary form, which is what is stored */
PGDLLEXPORT Datum
cognitive_load_send(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(LoadToState(PG_GETARG_LOAD(0)));
}

PG_FUNCTION_INFO_V1(cognitive_load_to_jsonb);

/* cast to jsonb */
PGDLLEXPORT Datum
cognitive_load_to_jsonb(PG_FUNCTION_ARGS)
{
	return TextToJsonb(LoadToText(PG_GETARG_LOAD(0)));
}

/*
 * Input and output: load_baseline
 */

/* Seven bits a byte, lowest first, the eighth set on all but the last. */
static void
WriteVarint(StringInfo buf, uint64 value)
{
	while (value >= 0x80)
	{
		WireWriteByte(buf, (uint8) (value | 0x80));
		value >>= 7;
	}
	WireWriteByte(buf, (uint8) value);
}

/* 1 .. max, in its one shortest form. */
static int64
ReadVarint(WireReader *reader, int64 max)
{
	uint64		value = 0;
	int			shift;

	for (shift = 0; shift < 63; shift += 7)
	{
		uint8		byte = WireReadByte(reader);

		value |= (uint64) (byte & 0x7f) << shift;
		if ((byte & 0x80) == 0)
		{
			if (byte == 0 || value > (uint64) max)
				break;
			return (int64) value;
		}
	}
	WireInvalid(reader, "a count or a step between bins is out of range");
}

static struct varlena *
BaselineToState(const Baseline *baseline)
{
	StringInfoData buf;
	int			i;
	int			j;

	StateBegin(&buf, &baseline_kind);
	WireWriteInt64(&buf, baseline->sessions);
	WireWriteInt64(&buf, baseline->right);
	WireWriteInt64(&buf, baseline->wrong);
	WireWriteInt64(&buf, baseline->pause_ms);
	WireWriteInt64(&buf, baseline->paused_session_ms);
	for (i = 0; i < BASELINE_HISTOGRAMS; i++)
	{
		const Histogram *h = &baseline->histograms[i];
		int			previous = -1;

		WireWriteInt32(&buf, h->nbins);
		for (j = 0; j < h->nbins; j++)
		{
			WriteVarint(&buf, (uint64) (h->bins[j].bin - previous));
			WriteVarint(&buf, (uint64) h->bins[j].count);
			previous = h->bins[j].bin;
		}
	}
	return StateFinish(&buf);
}

static Baseline *
BaselineRead(WireReader *reader, MemoryContext context)
{
	StateSource source = {reader, NULL};
	Baseline   *baseline = BaselineNew(context);
	int			i;
	int			j;

	baseline->sessions = WireReadInt64(reader);
	baseline->right = WireReadInt64(reader);
	baseline->wrong = WireReadInt64(reader);
	baseline->pause_ms = WireReadInt64(reader);
	baseline->paused_session_ms = WireReadInt64(reader);
	for (i = 0; i < BASELINE_HISTOGRAMS; i++)
	{
		int			nbins = WireReadCount(reader, LOAD_BINS, BASELINE_MIN_BIN_BYTES, "bins");
		int			bin = -1;

		for (j = 0; j < nbins; j++)
		{
			/* at least 1, so the bins ascend */
			bin += (int) ReadVarint(reader, LOAD_BINS);
			if (bin >= LOAD_BINS)
				WireInvalid(reader, "a bin is out of range");
			HistogramAdd(baseline, i, bin, ReadVarint(reader, PG_INT64_MAX));
		}
	}
	WireReadEnd(reader);
	ValidateBaseline(baseline, &source);
	return baseline;
}

static Baseline *
BaselineFromState(struct varlena *value, MemoryContext context)
{
	WireReader	reader;

	(void) StateOpen(&reader, value, &baseline_kind);
	return BaselineRead(&reader, context);
}

#define PG_GETARG_BASELINE(n) \
	BaselineFromState(PG_GETARG_VARLENA_PP(n), CurrentMemoryContext)
#define PG_RETURN_BASELINE(baseline) \
	PG_RETURN_POINTER(BaselineToState(baseline))

PG_FUNCTION_INFO_V1(load_baseline_in);

/* text form to state */
PGDLLEXPORT Datum
load_baseline_in(PG_FUNCTION_ARGS)
{
	TextReader	reader;
	StateSource source = {NULL, &reader};
	Baseline   *baseline = BaselineNew(CurrentMemoryContext);
	int			i;

	(void) TextOpen(&reader, PG_GETARG_CSTRING(0), &baseline_kind, fcinfo->context);
	baseline->sessions = TextReadInt(&reader, "sessions", 0, PG_INT64_MAX);
	baseline->right = TextReadInt(&reader, "correct", 0, PG_INT64_MAX);
	baseline->wrong = TextReadInt(&reader, "incorrect", 0, PG_INT64_MAX);
	baseline->pause_ms = TextReadInt(&reader, "pause_ms", 0, PG_INT64_MAX);
	baseline->paused_session_ms = TextReadInt(&reader, "paused_session_ms", 0, PG_INT64_MAX);
	for (i = 0; i < BASELINE_HISTOGRAMS; i++)
	{
		int			count = 0;
		int			previous = -1;

		TextReadArray(&reader, histogram_names[i]);
		while (TextReadMore(&reader, count))
		{
			int64		bin;
			int64		observations;

			TextReadObject(&reader, NULL);
			bin = TextReadInt(&reader, "bin", 0, LOAD_BINS - 1);
			observations = TextReadInt(&reader, "count", 1, PG_INT64_MAX);
			TextReadObjectEnd(&reader);
			if (!TextFailed(&reader) && bin <= previous)
				TextInvalid(&reader, "the bins of a histogram are not in ascending order");
			if (TextFailed(&reader))
				PG_RETURN_NULL();
			HistogramAdd(baseline, i, (int) bin, observations);
			previous = (int) bin;
			count++;
		}
	}
	TextReadEnd(&reader);
	if (!TextFailed(&reader))
		ValidateBaseline(baseline, &source);
	if (TextFailed(&reader))
		PG_RETURN_NULL();
	PG_RETURN_BASELINE(baseline);
}

static char *
BaselineToText(const Baseline *baseline)
{
	StringInfoData buf;
	int			i;
	int			j;

	TextBegin(&buf, &baseline_kind);
	TextWriteInt(&buf, "sessions", baseline->sessions);
	TextWriteInt(&buf, "correct", baseline->right);
	TextWriteInt(&buf, "incorrect", baseline->wrong);
	TextWriteInt(&buf, "pause_ms", baseline->pause_ms);
	TextWriteInt(&buf, "paused_session_ms", baseline->paused_session_ms);
	for (i = 0; i < BASELINE_HISTOGRAMS; i++)
	{
		const Histogram *h = &baseline->histograms[i];

		TextBeginArray(&buf, histogram_names[i]);
		for (j = 0; j < h->nbins; j++)
		{
			TextBeginObject(&buf, NULL);
			TextWriteInt(&buf, "bin", h->bins[j].bin);
			TextWriteInt(&buf, "count", h->bins[j].count);
			TextEndObject(&buf);
		}
		TextEndArray(&buf);
	}
	return TextFinish(&buf);
}

PG_FUNCTION_INFO_V1(load_baseline_out);

/* state to text form */
PGDLLEXPORT Datum
load_baseline_out(PG_FUNCTION_ARGS)
{
	PG_RETURN_CSTRING(BaselineToText(PG_GETARG_BASELINE(0)));
}

PG_FUNCTION_INFO_V1(load_baseline_recv);

/* binary form to state */
PGDLLEXPORT Datum
load_baseline_recv(PG_FUNCTION_ARGS)
{
	WireReader	reader;

	(void) StateOpenMessage(&reader, (StringInfo) PG_GETARG_POINTER(0), &baseline_kind);
	PG_RETURN_BASELINE(BaselineRead(&reader, CurrentMemoryContext));
}

PG_FUNCTION_INFO_V1(load_baseline_send);

/* state to binary form, which is what is stored */
PGDLLEXPORT Datum
load_baseline_send(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(BaselineToState(PG_GETARG_BASELINE(0)));
}

PG_FUNCTION_INFO_V1(load_baseline_to_jsonb);

/* cast to jsonb */
PGDLLEXPORT Datum
load_baseline_to_jsonb(PG_FUNCTION_ARGS)
{
	return TextToJsonb(BaselineToText(PG_GETARG_BASELINE(0)));
}

/*
 * Transition
 */

/* Arguments 1 .. 3: at, latency_ms, correct. */
static inline Load *
LoadTransition(FunctionCallInfo fcinfo, double pause_ms)
{
	Load	   *load = PG_ARGISNULL(0) ? NULL : (Load *) PG_GETARG_POINTER(0);
	LoadAnswer	answer;

	if (load == NULL)
		load = LoadNew(AggregateContext(fcinfo));
	if (PG_ARGISNULL(1) || (PG_ARGISNULL(2) && PG_ARGISNULL(3)))
		return load;
	answer.at = PG_GETARG_TIMESTAMPTZ(1);
	if (unlikely(TIMESTAMP_NOT_FINITE(answer.at)))
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("\"at\" must be a finite time"),
				 errdetail("Found %s.", TIMESTAMP_IS_NOEND(answer.at) ? "infinity" : "-infinity"),
				 errhint("Leave such rows out or pass NULL, which is skipped.")));
	answer.latency_ms = LOAD_MISSING;
	if (!PG_ARGISNULL(2))
	{
		answer.latency_ms = PG_GETARG_FLOAT8(2);
		CheckNotNegative(answer.latency_ms, "latency_ms");
		/* one zero */
		answer.latency_ms += 0.0;
	}
	answer.pause_ms = pause_ms;
	answer.outcome = PG_ARGISNULL(3) ? LOAD_UNKNOWN :
		PG_GETARG_BOOL(3) ? LOAD_RIGHT : LOAD_WRONG;
	LoadAdd(load, &answer);
	return load;
}

PG_FUNCTION_INFO_V1(cognitive_load_accum);

/* one row: at, latency_ms, correct */
PGDLLEXPORT Datum
cognitive_load_accum(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(LoadTransition(fcinfo, LOAD_MISSING));
}

PG_FUNCTION_INFO_V1(cognitive_load_accum_pause);

/* one row: at, latency_ms, correct, pause_ms */
PGDLLEXPORT Datum
cognitive_load_accum_pause(PG_FUNCTION_ARGS)
{
	double		pause_ms = LOAD_MISSING;

	if (!PG_ARGISNULL(4))
	{
		pause_ms = PG_GETARG_FLOAT8(4);
		CheckNotNegative(pause_ms, "pause_ms");
		pause_ms += 0.0;
	}
	PG_RETURN_POINTER(LoadTransition(fcinfo, pause_ms));
}

PG_FUNCTION_INFO_V1(cognitive_load_rollup_accum);

/* one stored state */
PGDLLEXPORT Datum
cognitive_load_rollup_accum(PG_FUNCTION_ARGS)
{
	Load	   *load = PG_ARGISNULL(0) ? NULL : (Load *) PG_GETARG_POINTER(0);

	if (load == NULL)
		load = LoadNew(AggregateContext(fcinfo));
	if (!PG_ARGISNULL(1))
		LoadMerge(load, PG_GETARG_LOAD(1));
	PG_RETURN_POINTER(load);
}

PG_FUNCTION_INFO_V1(load_baseline_rollup_accum);

/* one stored baseline */
PGDLLEXPORT Datum
load_baseline_rollup_accum(PG_FUNCTION_ARGS)
{
	Baseline   *baseline = PG_ARGISNULL(0) ? NULL : (Baseline *) PG_GETARG_POINTER(0);

	if (baseline == NULL)
		baseline = BaselineNew(AggregateContext(fcinfo));
	if (!PG_ARGISNULL(1))
		BaselineMerge(baseline, PG_GETARG_BASELINE(1));
	PG_RETURN_POINTER(baseline);
}

/*
 * Combine, serial pair, final
 */

PG_FUNCTION_INFO_V1(cognitive_load_combine);

PGDLLEXPORT Datum
cognitive_load_combine(PG_FUNCTION_ARGS)
{
	MemoryContext context = AggregateContext(fcinfo);
	Load	   *into = PG_ARGISNULL(0) ? NULL : (Load *) PG_GETARG_POINTER(0);

	if (PG_ARGISNULL(1))
	{
		if (into == NULL)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(into);
	}
	/* always a copy: the second state dies with the worker's tuple */
	if (into == NULL)
		into = LoadNew(context);
	LoadMerge(into, (Load *) PG_GETARG_POINTER(1));
	PG_RETURN_POINTER(into);
}

PG_FUNCTION_INFO_V1(cognitive_load_serialize);

PGDLLEXPORT Datum
cognitive_load_serialize(PG_FUNCTION_ARGS)
{
	(void) AggregateContext(fcinfo);
	PG_RETURN_POINTER(LoadToState((Load *) PG_GETARG_POINTER(0)));
}

PG_FUNCTION_INFO_V1(cognitive_load_deserialize);

PGDLLEXPORT Datum
cognitive_load_deserialize(PG_FUNCTION_ARGS)
{
	(void) AggregateContext(fcinfo);
	PG_RETURN_POINTER(LoadFromState(PG_GETARG_VARLENA_PP(0), CurrentMemoryContext));
}

PG_FUNCTION_INFO_V1(cognitive_load_final);

/* only reads: a window calls it many times over one state */
PGDLLEXPORT Datum
cognitive_load_final(PG_FUNCTION_ARGS)
{
	(void) AggregateContext(fcinfo);
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	PG_RETURN_LOAD((Load *) PG_GETARG_POINTER(0));
}

PG_FUNCTION_INFO_V1(load_baseline_combine);

PGDLLEXPORT Datum
load_baseline_combine(PG_FUNCTION_ARGS)
{
	MemoryContext context = AggregateContext(fcinfo);
	Baseline   *into = PG_ARGISNULL(0) ? NULL : (Baseline *) PG_GETARG_POINTER(0);

	if (PG_ARGISNULL(1))
	{
		if (into == NULL)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(into);
	}
	if (into == NULL)
		into = BaselineNew(context);
	BaselineMerge(into, (Baseline *) PG_GETARG_POINTER(1));
	PG_RETURN_POINTER(into);
}

PG_FUNCTION_INFO_V1(load_baseline_serialize);

PGDLLEXPORT Datum
load_baseline_serialize(PG_FUNCTION_ARGS)
{
	(void) AggregateContext(fcinfo);
	PG_RETURN_POINTER(BaselineToState((Baseline *) PG_GETARG_POINTER(0)));
}

PG_FUNCTION_INFO_V1(load_baseline_deserialize);

PGDLLEXPORT Datum
load_baseline_deserialize(PG_FUNCTION_ARGS)
{
	(void) AggregateContext(fcinfo);
	PG_RETURN_POINTER(BaselineFromState(PG_GETARG_VARLENA_PP(0), CurrentMemoryContext));
}

PG_FUNCTION_INFO_V1(load_baseline_final);

PGDLLEXPORT Datum
load_baseline_final(PG_FUNCTION_ARGS)
{
	(void) AggregateContext(fcinfo);
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	PG_RETURN_BASELINE((Baseline *) PG_GETARG_POINTER(0));
}

/*
 * Accessors
 */

#define MAX_SESSION_MINUTES 1440.0

static const char *const level_names[] = {"LOW", "MODERATE", "HIGH", "CRITICAL"};

static const char *const factor_names[LOAD_FACTORS] = {
	"RESPONSE_LATENCY", "ERROR_RATE", "ENGAGEMENT_DROP",
	"PERFORMANCE_DECLINE", "DURATION_STRESS"
};

static const char *const severity_names[] = {NULL, "LOW", "MEDIUM", "HIGH"};

/* An optional length of the session: negative when it is not given. */
static double
MinutesArgument(FunctionCallInfo fcinfo, int n)
{
	double		minutes;

	if (PG_ARGISNULL(n))
		return -1.0;
	minutes = PG_GETARG_FLOAT8(n);
	CheckRange(minutes, 0.0, MAX_SESSION_MINUTES, "minutes");
	return minutes;
}

/*
 * The score behind arguments 0 .. 2 of the accessors: load, baseline, minutes.
 * False, with the reason, when there is none.
 */
static bool
ScoreFromArguments(FunctionCallInfo fcinfo, LoadScore *score, int64 *evidence,
				   const char **reason)
{
	Load	   *load;
	LoadHistory history;
	LoadNorms	norms;
	double		minutes = MinutesArgument(fcinfo, 2);

	*evidence = 0;
	*reason = NULL;
	memset(&history, 0, sizeof(history));
	if (!PG_ARGISNULL(1))
		history = BaselineHistory(PG_GETARG_BASELINE(1));
	if (history.sessions == 0)
		*reason = "default_used";
	load = PG_ARGISNULL(0) ? NULL : PG_GETARG_LOAD(0);
	if (load == NULL || load->count == 0)
	{
		*reason = "no_rows";
		return false;
	}
	*evidence = load->count;
	norms = load_norms(&history);
	*score = load_score(load->answers, load->count, minutes, &norms);
	return true;
}

PG_FUNCTION_INFO_V1(cognitive_load_score);

/* the load with its interval, level, confidence and evidence */
PGDLLEXPORT Datum
cognitive_load_score(PG_FUNCTION_ARGS)
{
	LoadScore	score;
	int64		evidence;
	const char *reason;
	Datum		values[8] = {0};
	bool		nulls[8];

	memset(nulls, true, sizeof(nulls));
	if (ScoreFromArguments(fcinfo, &score, &evidence, &reason))
	{
		memset(nulls, false, sizeof(nulls));
		values[0] = Float8GetDatum(score.value);
		values[1] = Float8GetDatum(score.low);
		values[2] = Float8GetDatum(score.high);
		values[3] = CStringGetTextDatum(level_names[load_level(score.value)]);
		values[4] = BoolGetDatum(score.overload);
		values[5] = Float8GetDatum(score.confidence);
	}
	nulls[6] = PG_ARGISNULL(0);
	values[6] = Int64GetDatum(evidence);
	nulls[7] = reason == NULL;
	if (reason != NULL)
		values[7] = CStringGetTextDatum(reason);
	PG_RETURN_DATUM(RowDatum(fcinfo, values, nulls));
}

PG_FUNCTION_INFO_V1(cognitive_load_level);

/* the level of a session's load */
PGDLLEXPORT Datum
cognitive_load_level(PG_FUNCTION_ARGS)
{
	LoadScore	score;
	int64		evidence;
	const char *reason;

	if (!ScoreFromArguments(fcinfo, &score, &evidence, &reason))
		PG_RETURN_NULL();
	PG_RETURN_DATUM(CStringGetTextDatum(level_names[load_level(score.value)]));
}

PG_FUNCTION_INFO_V1(load_level_of_score);

/* the level of any load between 0 and 100 */
PGDLLEXPORT Datum
load_level_of_score(PG_FUNCTION_ARGS)
{
	double		score = PG_GETARG_FLOAT8(0);

	CheckRange(score, 0.0, 100.0, "score");
	PG_RETURN_DATUM(CStringGetTextDatum(level_names[load_level(score)]));
}

PG_FUNCTION_INFO_V1(cognitive_load_confidence);

/* how much of what could be known the session and the baseline tell */
PGDLLEXPORT Datum
cognitive_load_confidence(PG_FUNCTION_ARGS)
{
	LoadScore	score;
	int64		evidence;
	const char *reason;

	if (!ScoreFromArguments(fcinfo, &score, &evidence, &reason))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(score.confidence);
}

PG_FUNCTION_INFO_V1(cognitive_load_indicators);

/* one row per factor that raises the load noticeably, strongest first */
PGDLLEXPORT Datum
cognitive_load_indicators(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	LoadScore	score;
	int64		evidence;
	const char *reason;
	bool		listed[LOAD_FACTORS] = {false};

	InitMaterializedSRF(fcinfo, 0);
	if (!ScoreFromArguments(fcinfo, &score, &evidence, &reason))
		return (Datum) 0;
	for (;;)
	{
		Datum		values[4];
		bool		nulls[4] = {false};
		int			next = -1;
		int			i;

		for (i = 0; i < LOAD_FACTORS; i++)
			if (!listed[i] && score.factors[i].severity != LOAD_NO_INDICATOR &&
				(next < 0 || score.factors[i].points > score.factors[next].points))
				next = i;
		if (next < 0)
			break;
		listed[next] = true;
		values[0] = CStringGetTextDatum(factor_names[next]);
		values[1] = CStringGetTextDatum(severity_names[score.factors[next].severity]);
		values[2] = Float8GetDatum(score.factors[next].raw);
		values[3] = Float8GetDatum(score.factors[next].contribution);
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
	return (Datum) 0;
}

PG_FUNCTION_INFO_V1(cognitive_load_contributions);

/* what the load is made of */
PGDLLEXPORT Datum
cognitive_load_contributions(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	LoadScore	score;
	int64		evidence;
	const char *reason;
	Datum		values[4];
	bool		nulls[4] = {false};
	int			i;

	InitMaterializedSRF(fcinfo, 0);
	if (!ScoreFromArguments(fcinfo, &score, &evidence, &reason))
		return (Datum) 0;
	values[0] = CStringGetTextDatum("ORDINARY_SESSION");
	values[1] = Float8GetDatum(LOAD_CENTRE);
	values[2] = Float8GetDatum(1.0);
	values[3] = Float8GetDatum(LOAD_CENTRE);
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	for (i = 0; i < LOAD_FACTORS; i++)
	{
		const LoadFactor *factor = &score.factors[i];

		values[0] = CStringGetTextDatum(factor_names[i]);
		nulls[1] = !factor->measured;
		values[1] = Float8GetDatum(factor->deviation);
		values[2] = Float8GetDatum(factor->weight);
		values[3] = Float8GetDatum(factor->contribution);
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
	return (Datum) 0;
}

PG_FUNCTION_INFO_V1(cognitive_load_evidence_count);

/* answers in the state */
PGDLLEXPORT Datum
cognitive_load_evidence_count(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT64(PG_GETARG_LOAD(0)->count);
}

PG_FUNCTION_INFO_V1(cognitive_load_minutes);

/* length of the session as far as its answers tell */
PGDLLEXPORT Datum
cognitive_load_minutes(PG_FUNCTION_ARGS)
{
	Load	   *load = PG_GETARG_LOAD(0);

	if (load->count == 0)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(load_minutes(load->answers, load->count));
}

PG_FUNCTION_INFO_V1(cognitive_load_entries);

/* one row per answer, in order of time */
PGDLLEXPORT Datum
cognitive_load_entries(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	Load	   *load = PG_GETARG_LOAD(0);
	int			i;

	InitMaterializedSRF(fcinfo, 0);
	for (i = 0; i < load->count; i++)
	{
		const LoadAnswer *answer = &load->answers[i];
		Datum		values[4];
		bool		nulls[4] = {false};

		CHECK_FOR_INTERRUPTS();
		values[0] = TimestampTzGetDatum(answer->at);
		nulls[1] = answer->latency_ms == LOAD_MISSING;
		values[1] = Float8GetDatum(answer->latency_ms);
		nulls[2] = answer->outcome == LOAD_UNKNOWN;
		values[2] = BoolGetDatum(answer->outcome == LOAD_RIGHT);
		nulls[3] = answer->pause_ms == LOAD_MISSING;
		values[3] = Float8GetDatum(answer->pause_ms);
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
	return (Datum) 0;
}

PG_FUNCTION_INFO_V1(cognitive_load_baseline);

/* one session as a baseline */
PGDLLEXPORT Datum
cognitive_load_baseline(PG_FUNCTION_ARGS)
{
	double		minutes = MinutesArgument(fcinfo, 1);
	Baseline   *baseline = BaselineNew(CurrentMemoryContext);
	Load	   *load;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	load = PG_GETARG_LOAD(0);
	BaselineAddSession(baseline, load->answers, load->count, minutes);
	PG_RETURN_BASELINE(baseline);
}

PG_FUNCTION_INFO_V1(load_baseline_summary);

/* a baseline's counts, plain statistics, and the norms made of them */
PGDLLEXPORT Datum
load_baseline_summary(PG_FUNCTION_ARGS)
{
	Baseline   *baseline = PG_GETARG_BASELINE(0);
	LoadHistory history = BaselineHistory(baseline);
	LoadNorms	norms = load_norms(&history);
	Baseline   *pooled = BaselineNew(CurrentMemoryContext);
	LoadHistogram latency;
	int64		latencies;
	Datum		values[14];
	bool		nulls[14] = {false};
	int			i;
	int			j;

	/* latencies of all outcomes in one histogram */
	for (i = 0; i < LOAD_OUTCOMES; i++)
		for (j = 0; j < baseline->histograms[i].nbins; j++)
			HistogramAdd(pooled, 0, baseline->histograms[i].bins[j].bin,
						 baseline->histograms[i].bins[j].count);
	latency.nbins = pooled->histograms[0].nbins;
	latency.bins = pooled->histograms[0].bins;
	latencies = load_histogram_total(&latency);

	values[0] = Int64GetDatum(baseline->sessions);
	values[1] = Int64GetDatum(latencies);
	values[2] = Int64GetDatum(baseline->right);
	values[3] = Int64GetDatum(baseline->wrong);
	nulls[4] = nulls[5] = latencies == 0;
	values[4] = Float8GetDatum(exp(load_histogram_quantile(&latency, 0.5)));
	values[5] = Float8GetDatum(load_histogram_mad(&latency));
	nulls[6] = baseline->sessions == 0;
	values[6] = Float8GetDatum(exp(load_histogram_quantile(&history.length, 0.5)) / 60000.0);
	values[7] = Float8GetDatum(exp(norms.log_latency));
	values[8] = Float8GetDatum(sqrt(norms.log_latency_var));
	values[9] = Float8GetDatum(exp(norms.slowdown));
	values[10] = Float8GetDatum(norms.spread);
	values[11] = Float8GetDatum(norms.error_rate);
	values[12] = Float8GetDatum(norms.minutes);
	values[13] = Float8GetDatum(norms.pause_share);
	PG_RETURN_DATUM(RowDatum(fcinfo, values, nulls));
}
