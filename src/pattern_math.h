/*
 * pattern_math.h
 *		The mathematics of the pattern family, over plain numbers.
 *
 * One learner's scores y, in buckets, on days.  The model of a row is
 *
 *		y = level + week + day + habit(bucket) + noise
 *
 * where week (blocks of seven days) and day are normal deviations shared by
 * their rows, with variances of week_ratio and day_ratio times the noise's.
 * Both ratios are averaged over a grid by restricted likelihood.  What is left
 * of a habit after that is judged by comparing hypotheses:
 *
 *		none		no bucket differs;
 *		a group		the buckets of one set score higher by delta > 0; sets are
 *					one bucket, two buckets, all but one, or the windows of a
 *					circle of buckets;
 *		a change	the same, but only since, or only until, a quarter of the
 *					observed time.
 *
 * Given a hypothesis, delta / sigma has the one-sided moment density
 * d^2 exp(-d^2 / (2 tau^2)): it vanishes at zero, so that a difference too small
 * to be called a habit counts for "none" (V. Johnson and D. Rossell, "On the use
 * of non-local prior densities in Bayesian hypothesis tests", JRSS B 72, 2010).
 * The level has a flat prior, sigma^2 Jeffreys'.
 *
 * Pure C: nothing raises, nothing allocates; work areas come from the caller.
 */
#ifndef BTWIN_PATTERN_MATH_H
#define BTWIN_PATTERN_MATH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Probability, before any row is seen, that the learner has a habit at all. */
#define PATTERN_PRIOR_HABIT 0.5

/* How that is shared among groups of one, of two, and of all but one. */
#define PATTERN_PRIOR_ONE 0.85
#define PATTERN_PRIOR_TWO 0.10
#define PATTERN_PRIOR_WORSE 0.05

/* Share of a group's prior given to its having begun or ended meanwhile. */
#define PATTERN_PRIOR_CHANGE 0.1

/* Windows: this share evenly, the rest in proportion to the rows in them. */
#define PATTERN_PRIOR_EVEN 0.5

/* A limit: the score falls beyond it; or, against it, rises. */
#define PATTERN_PRIOR_FALLS 0.4
#define PATTERN_PRIOR_RISES 0.1

/* Scale of delta / sigma; the density's mode is sqrt(2) times this. */
#define PATTERN_TAU 0.5

/* The observed time is cut into this many parts to look for changes, */
#define PATTERN_SEGMENTS 4
/* where it is at least this long, */
#define PATTERN_CHANGE_MIN_DAYS 28
/* and up to this many buckets, which also bounds the groups of two. */
#define PATTERN_PAIR_MAX_BUCKETS 64

#define PATTERN_WEEK_DAYS 7

/* "effect" of an explanation is judged as if seen in so many rows. */
#define PATTERN_REFERENCE_ROWS 20

/*
 * Rows of one bucket on one day resemble each other beyond what the whole day
 * shares: m of them count as m / (1 + (m - 1) times this) rows.
 */
#define PATTERN_CELL_CORRELATION 0.05

/* Evidence below which nothing is said. */
#define PATTERN_MIN_ROWS 3
#define PATTERN_MIN_WEIGHT 2.0

/* Weight beyond which products of weights could overflow. */
#define PATTERN_MAX_WEIGHT 1e100

/* The day of rows whose day is not known. */
#define PATTERN_NO_DAY INT32_MIN

typedef struct PatternCell
{
	int32_t		bucket;			/* 0 .. buckets - 1 */
	int32_t		day;			/* or PATTERN_NO_DAY: rows independent */
	int64_t		rows;
	double		weight;
	double		sum;
	double		squares;		/* squared deviations from the cell's mean */
} PatternCell;

typedef enum PatternStatus
{
	PATTERN_OK,
	PATTERN_NO_EVIDENCE,
	PATTERN_FEW_ROWS,
	PATTERN_ONE_BUCKET,
	PATTERN_NO_VARIATION,
	PATTERN_OUT_OF_RANGE		/* sums over the buckets leave double precision */
} PatternStatus;

/* Lets the rows of every bucket and day count for what they are worth together. */
extern void pattern_discount(PatternCell *cells, int count);

/*
 * Rows reduced to what every hypothesis needs.  Scores are standardised: minus
 * "mean", divided by "scale".  Column c stands for bucket c % buckets in
 * segment c / buckets.
 */
typedef struct PatternFit
{
	PatternStatus status;
	int			buckets;
	int			segments;
	int			columns;
	int64_t		rows;
	int64_t		clusters;		/* days, and rows without one */
	double		df;				/* of an effect: clusters - 2, at least 1 */
	double		quantile;		/* of Student's t at 0.975 */
	double		weight;
	double		mean;
	double		scale;
	double		day_ratio;
	double		week_ratio;
	double		squares;		/* y' P y */
	double	   *gram;			/* X' P X, columns x columns */
	double	   *score;			/* X' P y */
	double	   *bucket_weight;	/* per bucket */
	double	   *bucket_sum;		/* standardised, per bucket */
} PatternFit;

/* Doubles of work that pattern_fit needs and the fit then points into. */
extern size_t pattern_fit_doubles(int cells, int buckets);

/*
 * Cells in ascending order of (day, bucket), each pair once.  Segments are made
 * when "changes" is set and the data allow it.
 */
extern void pattern_fit(PatternFit *fit, const PatternCell *cells, int count,
						int buckets, bool changes, double *work);

typedef enum PatternSetKind
{
	PATTERN_ONE,				/* bucket a */
	PATTERN_TWO,				/* buckets a and b */
	PATTERN_WORSE,				/* all but a */
	PATTERN_WINDOW				/* a, a + 1, ... : b of them, on the circle */
} PatternSetKind;

typedef struct PatternSet
{
	PatternSetKind kind;
	int			a;
	int			b;
	double		prior;			/* all sets: sum to PATTERN_PRIOR_HABIT */
	double		probability;	/* that it holds now */
	double		past;			/* that it held, and no longer does */
	double		begun;			/* part of probability: since a change */
	double		mean;			/* of delta, standardised, given that it holds */
	double		variance;
	double		log_scale;		/* of the probabilities, until they are normalised */
} PatternSet;

/* All groups of "buckets" buckets; sets NULL only counts them. */
extern int	pattern_groups(int buckets, PatternSet *sets);

/* All windows of that width. */
extern int	pattern_windows(const PatternFit *fit, int width, PatternSet *sets);

/*
 * Posterior probabilities of the sets.  With changes false the hypotheses of
 * change are left out.
 */
extern void pattern_posterior(const PatternFit *fit, PatternSet *sets, int count,
							  bool changes);

/* Does the set claim that this bucket is better?  Groups of more than half of
 * the buckets say that the others are worse, and claim nothing. */
extern bool pattern_claims(const PatternSet *set, int bucket, int buckets);

/* Probability that each bucket is better, and its expected standardised
 * deviation from the level; either may be NULL. */
extern void pattern_confidences(const PatternFit *fit, const PatternSet *sets,
								int count, double *confidence, double *level);

/* Difference between the set's rows and all others, with what it rests on. */
typedef struct PatternEffect
{
	double		effect;			/* in units of the score; NaN without contrast */
	double		error;			/* its standard error */
	double		df;
	double		low;			/* 95 % interval */
	double		high;
	double		p_value;		/* two-sided */
	double		inflation;		/* its variance over that of independent rows */
} PatternEffect;

extern PatternEffect pattern_effect(const PatternFit *fit, const PatternSet *set);

/* The same, expected under the posterior: shrunk towards nothing. */
extern double pattern_shrunk_effect(const PatternFit *fit, const PatternSet *set,
									const double *level);

/*
 * Probability that the set's rows score higher than the others once more, in as
 * many new rows of the same design.  in: work area of "buckets" doubles.
 */
extern double pattern_replication(const PatternFit *fit, const PatternSet *sets,
								  int count, const PatternSet *target, double *in);

/* Probability of one set against none, from all that was seen of it. */
typedef struct PatternSteps
{
	double		effect;			/* had it been seen in PATTERN_REFERENCE_ROWS */
	double		sample_size;	/* in all rows, as if independent */
	double		consistency;	/* with days and weeks as they are */
} PatternSteps;

extern PatternSteps pattern_steps(const PatternFit *fit, const PatternSet *set);

/* The value of ascending bucket positions beyond which the score falls. */
typedef struct PatternLimit
{
	double		probability;	/* that there is one */
	double		at;				/* posterior mean and 95 % interval */
	double		low;
	double		high;
	double		slope;			/* of the score per unit beyond it, with 95 % */
	double		slope_low;
	double		slope_high;
	double		effect;			/* mean score beyond it against before */
} PatternLimit;

/*
 * position: ascending, one per bucket; the fit without segments.  work:
 * 4 * buckets doubles.
 */
extern PatternLimit pattern_limit(const PatternFit *fit, const double *position,
								  double *work);

/*
 * The integral over delta > 0 of delta^k times the density of N(z, 1), for
 * k = 2, 3, 4.
 */
extern double pattern_truncated_moment(int k, double z);

/*
 * Logarithm of the Bayes factor of a contrast against none: information
 * c'X'PXc, score c'X'Py, squares y'Py and weight of rows.  mean and variance of
 * delta, when not NULL, are those of its posterior.
 */
extern double pattern_log_bayes_factor(double information, double score,
									   double squares, double weight,
									   double *mean, double *variance);

#endif							/* BTWIN_PATTERN_MATH_H */
