/*
 * num.h
 *		Sums, moments, order statistics and small scalar functions over doubles.
 *
 * Pure C99: no server header, no allocation, no error raised, no global state.
 *
 * Conventions shared by every function here:
 *	- Inputs are finite unless a comment says otherwise; callers refuse NaN and
 *	  infinity before they call.
 *	- What does not exist (the mean of nothing, the slope over one x) comes
 *	  back as NaN, and the comment says when.  Callers test the condition first,
 *	  or isnan() the result, and turn it into NULL.
 *	- Weights are frequency weights: a row of weight 3 equals three rows of
 *	  weight 1.  A weight that is not greater than zero leaves the state as is.
 *	- A state that is all zero bits is a valid empty state; merging it changes
 *	  nothing.  Order of rows and of merges matters only to rounding.
 */
#ifndef BTWIN_NUM_H
#define BTWIN_NUM_H

#include <stdbool.h>
#include <stddef.h>

#define NUM_PI				3.14159265358979323846
#define NUM_LN2				0.69314718055994530942
#define NUM_SQRT2			1.41421356237309504880
#define NUM_LN_SQRT_2PI		0.91893853320467274178

/* MAD times this estimates the standard deviation of normal data: 1/quantile(3/4). */
#define NUM_MAD_TO_SD		1.48260221850560186055

/* ---------------------------------------------------------------------------
 * Compensated sum (Neumaier's variant of Kahan's): error of one rounding,
 * whatever the order and the length.
 * ---------------------------------------------------------------------------
 */
typedef struct NumSum
{
	double		sum;			/* running sum, rounded */
	double		comp;			/* what rounding has taken from it */
} NumSum;

extern void num_sum_init(NumSum *s);
extern void num_sum_add(NumSum *s, double x);
extern void num_sum_merge(NumSum *s, const NumSum *other);

/* The sum; 0 when empty; infinite when the sum overflowed, never NaN. */
extern double num_sum_value(const NumSum *s);

/* ---------------------------------------------------------------------------
 * Weighted moments after Youngs and Cramer (1971), merged after Chan, Golub
 * and LeVeque (1983).
 *
 * All rows equal leave sxx exactly 0, also through merges.  Overflow leaves
 * a state that num_moments_is_finite() refuses; test it before reading.
 * ---------------------------------------------------------------------------
 */
typedef struct NumMoments
{
	double		n;				/* sum of weights */
	double		sx;				/* sum of w * x */
	double		sxx;			/* sum of w * (x - mean)^2 */
} NumMoments;

extern void num_moments_init(NumMoments *m);
extern void num_moments_add(NumMoments *m, double x, double w);
extern void num_moments_merge(NumMoments *m, const NumMoments *other);
extern bool num_moments_is_finite(const NumMoments *m);

/* NaN when n = 0. */
extern double num_moments_mean(const NumMoments *m);

/* sxx / n; NaN when n = 0. */
extern double num_moments_var_pop(const NumMoments *m);

/* sxx / (n - 1); NaN when n <= 1. */
extern double num_moments_var_samp(const NumMoments *m);

/* Square root of the sample variance; NaN when n <= 1. */
extern double num_moments_sd(const NumMoments *m);

/* ---------------------------------------------------------------------------
 * Weighted bivariate moments and the least-squares line y = intercept +
 * slope * x.  The same rules as above hold for each variable.
 * ---------------------------------------------------------------------------
 */
typedef struct NumCoMoments
{
	double		n;				/* sum of weights */
	double		sx;				/* sum of w * x */
	double		sy;				/* sum of w * y */
	double		sxx;			/* sum of w * (x - mean x)^2 */
	double		syy;			/* sum of w * (y - mean y)^2 */
	double		sxy;			/* sum of w * (x - mean x) * (y - mean y) */
} NumCoMoments;

extern void num_comoments_init(NumCoMoments *m);
extern void num_comoments_add(NumCoMoments *m, double x, double y, double w);
extern void num_comoments_merge(NumCoMoments *m, const NumCoMoments *other);
extern bool num_comoments_is_finite(const NumCoMoments *m);

/* Least-squares slope of y on x; NaN when x does not vary (or n = 0). */
extern double num_comoments_slope(const NumCoMoments *m);

/* Least-squares intercept; NaN when x does not vary (or n = 0). */
extern double num_comoments_intercept(const NumCoMoments *m);

/* Pearson correlation, within [-1, 1]; NaN when x or y does not vary. */
extern double num_comoments_r(const NumCoMoments *m);

/* Sample covariance sxy / (n - 1); NaN when n <= 1. */
extern double num_comoments_cov_samp(const NumCoMoments *m);

/* ---------------------------------------------------------------------------
 * Scalars
 * ---------------------------------------------------------------------------
 */

/* max(lo, min(hi, x)); NaN stays NaN; lo wins when lo > hi. */
extern double num_clamp(double x, double lo, double hi);

/* Neither NaN nor infinite. */
extern bool num_is_finite(double x);

/*
 * The nearest integer, halves toward plus infinity: 2.5 -> 3, -2.5 -> -2,
 * 0.49999999999999994 -> 0 (where floor(x + 0.5) gives 1).  Never gives a
 * negative zero.  Infinity and NaN pass through.  To d decimals in the
 * reference's sense: num_round_half_up(x * 100) / 100.
 */
extern double num_round_half_up(double x);

/* log(1 + exp(x)) without overflow; all x incl. infinities. */
extern double num_log1pexp(double x);

/* 1 / (1 + exp(-x)), relative accuracy kept in both tails; all x. */
extern double num_logistic(double x);

/* log(p / (1 - p)); -Infinity at 0, Infinity at 1, NaN outside [0, 1]. */
extern double num_logit(double p);

/* ---------------------------------------------------------------------------
 * Order statistics on a caller's buffer.  The buffer is permuted in place, in
 * linear time on average and n log n at worst; it may be used again.
 * ---------------------------------------------------------------------------
 */

/*
 * The k-th smallest (k = 0 .. n-1).  Afterwards values[k] holds it, nothing
 * before it is greater and nothing behind it is less.  NaN when k >= n.
 */
extern double num_select(double *values, size_t n, size_t k);

/* Middle value, or mean of the two middle ones; NaN when n = 0. */
extern double num_median(double *values, size_t n);

/*
 * Quantile with linear interpolation between order statistics: type 7 of
 * Hyndman and Fan (1996), as percentile_cont() does.  NaN when n = 0 or p is
 * outside [0, 1].
 */
extern double num_quantile(double *values, size_t n, double p);

/*
 * Median absolute deviation from the median, unscaled (see NUM_MAD_TO_SD);
 * NaN when n = 0.  The buffer is OVERWRITTEN with the deviations.
 */
extern double num_mad(double *values, size_t n);

#endif							/* BTWIN_NUM_H */
