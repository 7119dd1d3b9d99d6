/*
 * load_math.h
 *		The mathematics of the cognitive load family, over plain numbers.
 *
 * Two parts: a histogram on a fixed logarithmic grid, from which a learner's
 * robust norms (median, MAD, quantiles) are read, and the load of one session
 * against those norms.
 *
 * The load starts at the centre, what an ordinary session of this learner
 * reads, and five factors push it up or down.  Each factor is a deviation d
 * from the learner's norm with error variance v, drawn towards zero by
 * k = tau^2 / (tau^2 + v): the posterior mean of a deviation whose standard
 * deviation over sessions is tau.  Effects add up on the logit scale, so that
 * the load stays within 0 and 100 and moves smoothly and monotonically.
 *
 * No postgres.h here: nothing raises, nothing allocates.
 */
#ifndef BTWIN_LOAD_MATH_H
#define BTWIN_LOAD_MATH_H

#include <stdbool.h>
#include <stdint.h>

/* ---------------------------------------------------------------------------
 * Histogram on a fixed grid: bin b holds milliseconds in
 * [2^(b/16), 2^((b+1)/16)); what lies outside falls into the first or last.
 * ---------------------------------------------------------------------------
 */
#define LOAD_BINS_PER_OCTAVE	16
#define LOAD_OCTAVES			27	/* 1 ms to 37 hours */
#define LOAD_BINS				(LOAD_BINS_PER_OCTAVE * LOAD_OCTAVES)

typedef struct LoadBin
{
	int32_t		bin;
	int64_t		count;			/* > 0 */
} LoadBin;

/* Bins in ascending order, each once. */
typedef struct LoadHistogram
{
	int			nbins;
	LoadBin    *bins;
} LoadHistogram;

/* Bin of a duration in milliseconds, >= 0; the same on every platform. */
extern int	load_bin(double ms);

extern int64_t load_histogram_total(const LoadHistogram *h);

/*
 * Quantile (type 7, 0 <= q <= 1) and median absolute deviation of the natural
 * logarithms of the milliseconds.  The values of a bin are taken to lie evenly
 * within it, so a quantile is off by at most one bin's width, ln(2)/16, and the
 * MAD by at most two.  0 for an empty histogram.
 */
extern double load_histogram_quantile(const LoadHistogram *h, double q);
extern double load_histogram_mad(const LoadHistogram *h);

/* ---------------------------------------------------------------------------
 * What is known of a learner, and the norms made of it
 * ---------------------------------------------------------------------------
 */
typedef enum LoadOutcome
{
	LOAD_UNKNOWN = 0,
	LOAD_WRONG = 1,
	LOAD_RIGHT = 2
} LoadOutcome;

#define LOAD_OUTCOMES 3

typedef struct LoadHistory
{
	int64_t		sessions;
	int64_t		right;			/* answers of known outcome */
	int64_t		wrong;
	int64_t		pause_ms;		/* in sessions whose pauses were reported, */
	int64_t		paused_session_ms;	/* and the length of those sessions */
	LoadHistogram latency[LOAD_OUTCOMES];	/* by outcome */
	LoadHistogram length;		/* of sessions */
} LoadHistory;

typedef struct LoadNorms
{
	double		log_latency;	/* of a right answer */
	double		log_latency_var;	/* how uncertain that is */
	double		slowdown;		/* log latency of wrong less that of right */
	double		spread;			/* SD of log latency within a session */
	double		error_rate;
	double		error_rate_var;
	double		minutes;		/* length that two sessions of three stay below */
	double		pause_share;
	double		pause_share_var;
} LoadNorms;

/* An all-zero history gives the norms of the population. */
extern LoadNorms load_norms(const LoadHistory *history);

/* ---------------------------------------------------------------------------
 * One session
 * ---------------------------------------------------------------------------
 */
typedef struct LoadAnswer
{
	int64_t		at;				/* microseconds, the onset */
	double		latency_ms;		/* >= 0, or LOAD_MISSING */
	double		pause_ms;		/* >= 0, or LOAD_MISSING */
	LoadOutcome outcome;
} LoadAnswer;

#define LOAD_MISSING (-1.0)

/* The one order of a state: by time, then by what else an answer says. */
extern int	load_answer_compare(const LoadAnswer *a, const LoadAnswer *b);

/* A pause as it counts: not more than a day, whole milliseconds. */
extern int64_t load_pause_ms(double pause_ms);

/*
 * Minutes at work: the intervals between onsets, none counted with more than
 * ten minutes, and the last answer's latency.  Answers in order.
 */
extern double load_minutes(const LoadAnswer *answers, int count);

typedef enum LoadFactorKind
{
	LOAD_RESPONSE_LATENCY,
	LOAD_ERROR_RATE,
	LOAD_ENGAGEMENT_DROP,
	LOAD_PERFORMANCE_DECLINE,
	LOAD_DURATION_STRESS
} LoadFactorKind;

#define LOAD_FACTORS 5

typedef enum LoadSeverity
{
	LOAD_NO_INDICATOR,
	LOAD_SEVERITY_LOW,
	LOAD_SEVERITY_MEDIUM,
	LOAD_SEVERITY_HIGH
} LoadSeverity;

typedef struct LoadFactor
{
	bool		measured;
	double		raw;			/* in its own unit, see the type's comment */
	double		deviation;		/* from the norm */
	double		reliability;	/* k of the header, 0 .. 1 */
	double		points;			/* effect on an otherwise ordinary session */
	double		weight;			/* contribution = deviation * weight */
	double		contribution;	/* points of this session's load */
	LoadSeverity severity;
} LoadFactor;

typedef struct LoadScore
{
	LoadFactor	factors[LOAD_FACTORS];
	double		value;			/* LOAD_CENTRE and all contributions */
	double		low;			/* central 95 % interval */
	double		high;
	double		confidence;		/* weighted mean reliability */
	bool		overload;
} LoadScore;

#define LOAD_CENTRE 35.0

/* Answers in order, count >= 1; minutes < 0: take load_minutes(). */
extern LoadScore load_score(const LoadAnswer *answers, int count,
							double minutes, const LoadNorms *norms);

/* Levels of a load: below 40, 60, 80, from 80 on: 0 .. 3. */
#define LOAD_MODERATE_FROM 40.0
#define LOAD_HIGH_FROM 60.0
#define LOAD_CRITICAL_FROM 80.0

extern int	load_level(double load);

#endif							/* BTWIN_LOAD_MATH_H */
