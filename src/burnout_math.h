/*
 * burnout_math.h
 *		The mathematics of the burnout family, over plain numbers.
 *
 * A learner's days lie in an array without gaps, one element per calendar day.
 * The risk on day t compares a window, the days t-13 .. t with the recent ones
 * weighing more, with what is normal for that learner, the 56 days before the
 * window.  Six factors (Epic 5 domain model, 2.20, names and weights) each
 * measure one shift away from normal:
 *
 *		shift  = reliability * (window mean - normal)
 *		reliability = T^2 / (T^2 + se^2)
 *
 * the posterior mean of a shift with prior N(0, T^2) observed with standard
 * error se; the posterior SD is T * sqrt(1 - reliability).  Little evidence
 * therefore gives a small shift and a wide interval.  A smooth step turns the
 * shift into 0 .. 100.  Where a learner has few earlier days, normal leans on a
 * documented anchor; it is also capped, so that a chronic overload never
 * becomes normal.
 *
 * No postgres.h here: nothing raises, nothing allocates.
 */
#ifndef BTWIN_BURNOUT_MATH_H
#define BTWIN_BURNOUT_MATH_H

#include <stdbool.h>

#define BURNOUT_WINDOW_DAYS		14
#define BURNOUT_BASELINE_DAYS	56
#define BURNOUT_LOOKBACK_DAYS	(BURNOUT_WINDOW_DAYS + BURNOUT_BASELINE_DAYS)
#define BURNOUT_REST_DAYS		7

/* Levels are found by replaying this many days before the one asked for. */
#define BURNOUT_REPLAY_DAYS		56

/* Days of the array that an answer for its last day may depend on. */
#define BURNOUT_HISTORY_DAYS	(BURNOUT_REPLAY_DAYS + BURNOUT_LOOKBACK_DAYS)

/* Factors, in the order of the domain model. */
typedef enum BurnoutFactorKind
{
	BURNOUT_INTENSITY,
	BURNOUT_DECLINE,
	BURNOUT_LOAD,
	BURNOUT_IRREGULARITY,
	BURNOUT_ENGAGEMENT,
	BURNOUT_RECOVERY
} BurnoutFactorKind;

#define BURNOUT_FACTORS 6

extern const char *const burnout_factor_names[BURNOUT_FACTORS];
extern const double burnout_factor_weights[BURNOUT_FACTORS];

/* Levels of a score, ascending. */
typedef enum BurnoutLevel
{
	BURNOUT_LOW,
	BURNOUT_MEDIUM,
	BURNOUT_HIGH,
	BURNOUT_CRITICAL
} BurnoutLevel;

extern const char *const burnout_level_names[];

/* The level whose cut (25, 50, 75) the score reaches. */
extern BurnoutLevel burnout_level(double score);

/*
 * The level after "before": it rises at a cut, and falls only when the score
 * lies BURNOUT_HYSTERESIS below it.  MEDIUM needs 3 days of evidence in the
 * window, HIGH 5, CRITICAL 7.
 */
#define BURNOUT_HYSTERESIS 5.0
extern BurnoutLevel burnout_next_level(BurnoutLevel before, double score,
									   int evidence_days);

/* A value that may be unknown: the mean of a day's rows, and how many. */
typedef struct BurnoutMean
{
	double		mean;
	double		rows;			/* 0: unknown */
} BurnoutMean;

typedef struct BurnoutDay
{
	bool		recorded;		/* some row speaks of this day */
	bool		timed;			/* hours is known; 0 on a day without study */
	bool		studied;		/* hours > 0, or there is a result of study */
	double		hours;
	BurnoutMean load;			/* 0 .. 100 */
	BurnoutMean performance;	/* 0 .. 1 */
	BurnoutMean retention;		/* 0 .. 1 */
	double		planned;		/* 0: nothing planned, or unknown */
	double		skipped;
	double		open;			/* in progress: counts on later days only */
	double		rated_low;
} BurnoutDay;

typedef struct BurnoutFactor
{
	bool		known;
	double		value;			/* in the factor's own unit, over the window */
	double		normal;			/* the same, what is normal for the learner */
	double		score;			/* 0 .. 100 */
	double		up;				/* score + up, score - down: 95 % interval */
	double		down;
	double		reliability;	/* 0 .. 1 */
	double		weight;			/* after unknown factors are accounted for */
	double		contribution;	/* weight * score */
} BurnoutFactor;

/* Warning signals, in the order of the domain model. */
typedef enum BurnoutSignalKind
{
	BURNOUT_CHRONIC_OVERLOAD,
	BURNOUT_PERFORMANCE_DROP,
	BURNOUT_ENGAGEMENT_LOSS,
	BURNOUT_IRREGULAR_PATTERN,
	BURNOUT_NO_RECOVERY
} BurnoutSignalKind;

#define BURNOUT_SIGNALS 5

extern const char *const burnout_signal_names[BURNOUT_SIGNALS];

typedef struct BurnoutSignal
{
	BurnoutLevel severity;		/* LOW: not detected */
	double		value;
	double		confidence;		/* 0 .. 1 */
} BurnoutSignal;

typedef enum BurnoutReason
{
	BURNOUT_HAS_SCORE,
	BURNOUT_NO_ROWS,			/* none in the window */
	BURNOUT_INSUFFICIENT		/* nothing known but rest */
} BurnoutReason;

extern const char *const burnout_reason_codes[];

typedef struct BurnoutRisk
{
	BurnoutReason reason;
	double		score;			/* this and the rest only with a score */
	double		low;
	double		high;
	double		confidence;
	int			evidence_days;	/* always: days of the window with rows */
	BurnoutFactor factors[BURNOUT_FACTORS];
	BurnoutSignal signals[BURNOUT_SIGNALS];
} BurnoutRisk;

/*
 * The risk on day t of days[0 ..].  Reads days[Max(0, t - 69)] to days[t];
 * days before the array do not exist.
 */
extern void burnout_assess(const BurnoutDay *days, int t, BurnoutRisk *risk);

#endif							/* BTWIN_BURNOUT_MATH_H */
