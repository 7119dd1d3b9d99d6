/*
 * struggle_math.h
 *		Logistic regression by Newton steps that can be merged, predictions with
 *		uncertainty from its posterior, the prior model of struggle, and the two
 *		rules of the reference.
 *
 * Pure C99: no server header, no allocation, no error raised.  Callers give
 * finite numbers; where a comment says so NaN stands for "unknown".
 *
 * The model.  z = beta[0] + sum over j of beta[j + 1] * (x[j] - centre[j]) and
 * P(y) = 1 / (1 + exp(-z)): coefficient 0 is the intercept, the log odds where
 * every feature stands at its centre.  A model of k features so has k + 1
 * coefficients.  Symmetric matrices of that order are kept as their lower
 * triangle row by row, element (i, j), j <= i, at i (i + 1) / 2 + j.
 */
#ifndef BTWIN_STRUGGLE_MATH_H
#define BTWIN_STRUGGLE_MATH_H

#include <stdbool.h>
#include <stdint.h>

#include "linalg.h"
#include "num.h"

#define LOGIT_MAX_FEATURES		64
#define LOGIT_MAX_COEFFICIENTS	(LOGIT_MAX_FEATURES + 1)

#define LOGIT_PACKED(n)			((n) * ((n) + 1) / 2)

/* Half the width of a central 95 % interval in standard errors. */
#define LOGIT_INTERVAL_Z		1.959963984540054

/* ---------------------------------------------------------------------------
 * One Newton step: what the rows say about the log likelihood at one point.
 * ---------------------------------------------------------------------------
 */

/* Doubles behind the pointers of a step of k features. */
#define LOGIT_STEP_DOUBLES(k) \
	((k) * 4 + ((k) + 1) * 2 + LOGIT_PACKED((k) + 1))

typedef struct LogitStep
{
	int			features;		/* k; 0 = no row seen, no point fixed */
	int64_t		rows;
	double		weight;			/* sum of weights */
	double		positives;		/* sum of weights of rows with y true */
	NumSum		log_likelihood; /* at the point */
	double	   *centre;			/* k: the point, part one */
	double	   *beta;			/* k + 1: the point, part two */
	double	   *gradient;		/* k + 1: sum of w (y - p) d */
	double	   *hessian;		/* packed: sum of w p (1 - p) d d' */
	double	   *unknown;		/* k: sum of weights of rows without it */
	double	   *sum;			/* k: sum of w (x - centre) over known ones */
	double	   *square;			/* k: sum of w (x - centre)^2 likewise */
} LogitStep;

/* No rows at the point; data holds LOGIT_STEP_DOUBLES(features) and is kept. */
extern void logit_step_init(LogitStep *step, int features, double *data);

/*
 * One row.  x may hold NaN for unknown, which stands at its centre.  False, and
 * nothing done, when the log odds are not finite.
 */
extern bool logit_step_add(LogitStep *step, bool y, const double *x, double weight);

/* The same point in both. */
extern bool logit_same_point(const LogitStep *a, const LogitStep *b);
extern void logit_step_merge(LogitStep *into, const LogitStep *from);
extern bool logit_step_is_finite(const LogitStep *step);

/*
 * A Gaussian prior over the coefficients: mean and packed precision matrix, or
 * (precision NULL) the ridge around zero on all but the intercept.
 */
typedef struct LogitPrior
{
	const double *mean;
	const double *precision;
	double		ridge;
} LogitPrior;

/*
 * The Newton step of the log posterior from the step's point: next = beta +
 * damping * inverse(H + P) (gradient - P (beta - mean)).  posterior, if not
 * NULL, gets H + P packed, decrement g' inverse(H + P) g, twice the gain still
 * to be had.  work: LOGIT_SOLVE_DOUBLES(n).
 */
#define LOGIT_SOLVE_DOUBLES(n)	((n) * (n) + 2 * (n))

extern LinalgStatus logit_newton(const LogitStep *step, const LogitPrior *prior,
								 double damping, double *next, double *posterior,
								 double *decrement, double *work);

/* Log likelihood plus log prior without its constant, at the step's point. */
extern double logit_log_posterior(const LogitStep *step, const LogitPrior *prior);

/* ---------------------------------------------------------------------------
 * A model: a Gaussian over the coefficients.
 * ---------------------------------------------------------------------------
 */

/* Doubles behind the pointers of a model of k features. */
#define LOGIT_MODEL_DOUBLES(k) \
	((k) * 2 + ((k) + 1) + LOGIT_PACKED((k) + 1))

typedef struct LogitModel
{
	int			features;
	int64_t		examples;		/* rows it was trained on */
	double	   *centre;			/* k: training means */
	double	   *deviation;		/* k: how far the features spread around them */
	double	   *beta;			/* k + 1: mean of the coefficients */
	double	   *precision;		/* packed: inverse of their covariance */
} LogitModel;

extern void logit_model_init(LogitModel *model, int features, double *data);

/*
 * The factor of the precision, n * n: what the functions below need.  Its
 * status says whether the model's precision is positive definite.
 */
extern LinalgStatus logit_factor(const LogitModel *model, double *factor);

typedef struct LogitPrediction
{
	double		probability;	/* averaged over what is not known */
	double		low;			/* central 95 % interval of the probability */
	double		high;
	double		logit;			/* log odds of probability */
	double		base_logit;		/* the same at the training means */
	int			unknown;		/* features not known */
} LogitPrediction;

/* x may hold NaN for unknown.  work: 2 * (features + 1). */
extern LogitPrediction logit_predict(const LogitModel *model, const double *factor,
									 const double *x, double *work);

/*
 * Change of probability per unit of log odds on the straight way from base to
 * logit: (p - p0) / (z - z0), p0 (1 - p0) where they meet.
 */
extern double logit_slope(double logit, double base_logit);

/*
 * One more row: the posterior of the coefficients given it, its mode found
 * exactly and its curvature taken there.  False when out of range.  work:
 * 2 * (features + 1).
 */
extern bool logit_update(LogitModel *model, const double *factor, bool y,
						 const double *x, double weight, double *work);

/* ---------------------------------------------------------------------------
 * The features of struggle, declared once (Epic 5, 2.11)
 * ---------------------------------------------------------------------------
 */
typedef enum StruggleFeatureNumber
{
	RETENTION_SCORE,
	RETENTION_DECLINE_RATE,
	REVIEW_LAPSE_RATE,
	SESSION_PERFORMANCE_SCORE,
	VALIDATION_SCORE,
	PREREQUISITE_GAP_COUNT,
	PREREQUISITE_MASTERY_GAP,
	CONTENT_COMPLEXITY,
	COMPLEXITY_MISMATCH,
	HISTORICAL_STRUGGLE_SCORE,
	CONTENT_TYPE_MISMATCH,
	COGNITIVE_LOAD_INDICATOR,
	DAYS_UNTIL_EXAM,
	DAYS_SINCE_LAST_STUDY,
	WORKLOAD_LEVEL,
	STRUGGLE_FEATURES			/* how many there are */
} StruggleFeatureNumber;

typedef struct StruggleFeature
{
	const char *name;
	const char *meaning;
	/* the reference */
	double		epic5_default;	/* stands for an unknown value */
	double		epic5_weight;	/* in the baseline of 2.12 */
	double		epic5_importance;	/* static importance of 2.11 */
	/* the prior model */
	double		mean;
	double		deviation;
	double		coefficient;
} StruggleFeature;

extern const StruggleFeature struggle_features[STRUGGLE_FEATURES];

/* Share of struggles where nothing is known. */
#define STRUGGLE_POPULATION_RATE	0.38

/* What the prior model leaves open: SD of every coefficient, of the intercept. */
#define STRUGGLE_COEFFICIENT_SD		0.5
#define STRUGGLE_INTERCEPT_SD		0.3

/*
 * The prior model, its intercept such that with nothing known it answers rate.
 * model: initialised for STRUGGLE_FEATURES.
 */
extern void struggle_prior_model(LogitModel *model, double rate);

/* Risk levels: HIGH from the second, MEDIUM from the first. */
#define STRUGGLE_MEDIUM				0.4
#define STRUGGLE_HIGH				0.7

extern const char *struggle_level(double probability);

/* ---------------------------------------------------------------------------
 * The rules of the reference.  x: the 15 features, none unknown.
 * ---------------------------------------------------------------------------
 */

/* Puts the reference's default where x is NaN. */
extern void epic5_fill_defaults(double *x);

/* Share of features that differ from the neutral 0.5 (2.11). */
extern double epic5_data_quality(const double *x);

/* The terms of 2.12, in its order. */
#define EPIC5_TERMS		8

typedef struct Epic5Struggle
{
	bool		triggered[EPIC5_TERMS];
	double		term[EPIC5_TERMS];	/* 0 when not triggered */
	double		sum;			/* of the terms */
	double		baseline;
	double		floor;			/* what the baseline added */
	double		cap;			/* what the cap at 1 took: <= 0 */
	double		probability;
	double		confidence;
} Epic5Struggle;

extern Epic5Struggle epic5_struggle(const double *x);

/* The feature a term is about, and its factor. */
extern int	epic5_term_feature(int term);
extern double epic5_term_weight(int term);

/* Protective factors of 2.12: writes the features' numbers, returns how many. */
extern int	epic5_protective(const double *x, int *features);

/* The rule of 2.13. */
typedef struct Epic5Class
{
	const char *name;			/* HIGH, MEDIUM, LOW */
	double		probability;
	double		confidence;
} Epic5Class;

extern Epic5Class epic5_struggle_class(const double *x);

#endif							/* BTWIN_STRUGGLE_MATH_H */
