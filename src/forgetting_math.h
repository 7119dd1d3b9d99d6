/*
 * forgetting_math.h
 *		The mathematics of the forgetting family, over plain numbers.
 *
 * The chance to recall something t days after its last review is
 *
 *		P(t) = a (1 + t / S)^(-b)
 *
 * a power curve with an amplitude a < 1: what is recalled right after a review
 * is not certain, least of all for material never mastered.  Its stability S
 * grows with every success since the first review and shrinks with every
 * lapse,
 *
 *		ln S = ln H - ln(2^(1/b) - 1) + successes ln(growth) - lapses ln(loss)
 *
 * where H is the half-life: after H days recall has fallen to a / 2, for
 * material that has been reviewed once.  The form joins the power curve of
 * FSRS and of J. Wixted and E. Ebbesen, "On the form of forgetting" (1991),
 * with the log-linear counts of B. Settles and B. Meeder, "A trainable spaced
 * repetition model for language learning" (2016).
 *
 * Five parameters per learner, in the scales in which they are roughly normal
 * across learners, with independent normal priors.  The estimate is the mode
 * of the posterior by Newton's method, its covariance the inverse of the
 * expected information there plus the prior's precision (Laplace).
 *
 * Also here: the code in which an elapsed time is kept, and FSRS-6.
 *
 * No postgres.h here: nothing raises, nothing allocates.
 */
#ifndef BTWIN_FORGETTING_MATH_H
#define BTWIN_FORGETTING_MATH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Elapsed times are kept as an integer code of 1/1024 octave (0.07 %), from
 * 2^-16 days (1.3 seconds) to 2^16 days (179 years); what is shorter or longer
 * counts as that.
 */
#define FORGETTING_CODES_PER_OCTAVE		1024
#define FORGETTING_CODE_OF_ONE_DAY		16384
#define FORGETTING_MAX_CODE				32767

extern int	forgetting_code(double days);

/* Natural logarithm of the days of a code, which may be a mean of codes. */
extern double forgetting_code_log_days(double code);

/*
 * Evidence is summed in cells of a quarter octave and of the history before
 * the review: successes and lapses since the first review of the card.  What
 * is beyond the largest count counts as that.
 */
#define FORGETTING_CODES_PER_BIN		256
#define FORGETTING_BINS					128
#define FORGETTING_MAX_SUCCESSES		15
#define FORGETTING_MAX_LAPSES			7
#define FORGETTING_CLASSES \
	((FORGETTING_MAX_SUCCESSES + 1) * (FORGETTING_MAX_LAPSES + 1))

typedef struct ForgettingCell
{
	double		log_days;		/* mean natural logarithm of days elapsed */
	double		successes;		/* before the review, since the first one */
	double		lapses;
	double		reviews;
	double		recalled;
} ForgettingCell;

/* The parameters, as indexes of the vectors below. */
enum
{
	FORGETTING_LOGIT_AMPLITUDE,
	FORGETTING_LN_HALF_LIFE,	/* days */
	FORGETTING_LN_EXPONENT,
	FORGETTING_LN_GROWTH,		/* of S per success */
	FORGETTING_LN_LOSS,			/* S is divided by it per lapse */
	FORGETTING_PARAMETERS
};

/* Where the likelihood is evaluated at all; no estimate lies outside. */
extern const double forgetting_low[FORGETTING_PARAMETERS];
extern const double forgetting_high[FORGETTING_PARAMETERS];

/* A standard deviation of 0 fixes the parameter at its mean. */
typedef struct ForgettingPrior
{
	double		mean[FORGETTING_PARAMETERS];
	double		sd[FORGETTING_PARAMETERS];
} ForgettingPrior;

#define FORGETTING_MAX_SD				5.0

/*
 * What the curve itself gets wrong, as a standard deviation of the log
 * half-life: cards differ from each other, and a scheduler that knows shows the
 * lasting ones later, which makes forgetting look slower than it is.  Part of
 * the half-life's interval (doc/forgetting.md has the measurements).
 */
#define FORGETTING_MODEL_SD				0.2

/* What is assumed of a population of which nothing else is known. */
extern const ForgettingPrior forgetting_default_prior;

typedef struct ForgettingFit
{
	double		at[FORGETTING_PARAMETERS];
	double		covariance[FORGETTING_PARAMETERS * FORGETTING_PARAMETERS];
} ForgettingFit;

/*
 * Posterior mode and covariance.  start is where the search begins, NULL for
 * the prior's mean.  Without cells the prior itself comes back.
 */
extern void forgetting_fit(const ForgettingCell *cells, size_t count,
						   const ForgettingPrior *prior, const double *start,
						   ForgettingFit *fit);

/* Minus the log of likelihood times prior, constants left out; for tests. */
extern double forgetting_objective(const ForgettingCell *cells, size_t count,
								   const ForgettingPrior *prior, const double *at);

/* The sum of two fits' deviations from their priors' means, on the first prior. */
extern ForgettingFit forgetting_combine_fits(const ForgettingFit *fit,
											 const ForgettingFit *other,
											 const ForgettingPrior *other_prior);

/* P(t); days may be 0. */
extern double forgetting_recall(const double *at, double days,
								double successes, double lapses);

/* Interval of P(t): logit P plus or minus z standard deviations. */
extern void forgetting_recall_interval(const ForgettingFit *fit, double days,
									   double successes, double lapses, double z,
									   double *low, double *high);

/* S in days. */
extern double forgetting_stability(const double *at, double successes, double lapses);

/* Days until P falls to the target, 0 when it is below it at once. */
extern double forgetting_days_to(const double *at, double target,
								 double successes, double lapses);

/*
 * One step of the population's estimate (expectation-maximisation with
 * Laplace's approximation).  The prior before any learner counts as one
 * learner, so that few learners do not make a population without spread.  The
 * exponent keeps its prior: differences between cards flatten the pooled curve
 * and would be taken for it.
 */
typedef struct ForgettingPopulation
{
	double		learners;
	double		sum[FORGETTING_PARAMETERS];
	double		squares[FORGETTING_PARAMETERS]; /* of distance from the centre */
	double		variances[FORGETTING_PARAMETERS];
	double		centre[FORGETTING_PARAMETERS];
} ForgettingPopulation;

extern void forgetting_population_begin(ForgettingPopulation *population,
										const ForgettingPrior *centre);
extern void forgetting_population_add(ForgettingPopulation *population,
									  const ForgettingFit *fit);
extern void forgetting_population_end(const ForgettingPopulation *population,
									  const ForgettingPrior *initial,
									  ForgettingPrior *next);

/*
 * FSRS-6 (open-spaced-repetition), its published formulas.  Grades 1 Again,
 * 2 Hard, 3 Good, 4 Easy; w has FSRS6_WEIGHTS numbers.
 */
#define FSRS6_WEIGHTS					21
#define FSRS6_MIN_STABILITY				0.001
#define FSRS6_MAX_STABILITY				36500.0
#define FSRS6_MIN_DIFFICULTY			1.0
#define FSRS6_MAX_DIFFICULTY			10.0

extern const double fsrs6_default_weights[FSRS6_WEIGHTS];

extern double fsrs6_retrievability(const double *w, double days, double stability);
extern double fsrs6_interval(const double *w, double target, double stability);
extern double fsrs6_initial_stability(const double *w, int grade);
extern double fsrs6_initial_difficulty(const double *w, int grade);
extern double fsrs6_next_stability(const double *w, double stability,
								   double difficulty, double days, int grade);
extern double fsrs6_next_difficulty(const double *w, double difficulty, int grade);

#endif							/* BTWIN_FORGETTING_MATH_H */
