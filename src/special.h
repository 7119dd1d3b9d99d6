/*
 * special.h
 *		Special functions, distributions, quadrature tables, multiplicity.
 *
 * Pure C99: no server header, no allocation, no error raised, no global state
 * (signgam included), no locale, the same digits on every IEEE platform up to
 * the last places of its libm.
 *
 * Contract:
 *	- An invalid argument (NaN, or outside the domain each comment states)
 *	  returns NaN.  A valid argument never does.
 *	- Shape parameters (a, b, degrees of freedom) are valid up to 1e300.
 *	- Probabilities lie within [0, 1].  Both tails are computed, not subtracted:
 *	  take the upper-tail function rather than 1 - cdf.
 *	- Relative error <= 1e-12 for shape parameters 1e-3 .. 1e6 and for results
 *	  of 1e-300 and more, the other exceptions stated at the function.  Beyond
 *	  that range the functions degrade gracefully: limits at 0, 1 and infinity
 *	  are exact, results stay in range; with both shapes above 1e15 the
 *	  incomplete beta keeps about 7 digits.
 *	- Time grows with the root of the smaller shape: a few microseconds at 1e3,
 *	  below 0.1 ms at 1e6, up to some 10 ms beyond; an inverse takes about ten
 *	  times that.  Callers that loop check for interrupts between calls.
 *	  An inverse is as good as its problem: its error is at most 1e-12 plus
 *	  1e-15 times the factor by which the function itself amplifies a relative
 *	  error of the given probability.
 */
#ifndef BTWIN_SPECIAL_H
#define BTWIN_SPECIAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Shape parameters above this are refused: their sums and products overflow. */
#define SPECIAL_SHAPE_MAX	1e300

/* ---------------------------------------------------------------------------
 * Gamma and beta functions
 * ---------------------------------------------------------------------------
 */

/* Logarithm of the gamma function; x > 0.  Relative also near its zeros 1, 2. */
extern double special_lgamma(double x);

/*
 * Derivative of the above; x > 0.  Relative also near its zero 1.4616.
 */
extern double special_digamma(double x);

/* log B(a, b) = lgamma(a) + lgamma(b) - lgamma(a + b); a, b > 0.
 * Error 1e-12 relative to max(1, |value|): it has zeros, e.g. at a = b = 1. */
extern double special_lbeta(double a, double b);

/*
 * Regularised incomplete beta I_x(a, b), the cdf of Beta(a, b) at x, and its
 * complement 1 - I_x(a, b); a, b > 0, 0 <= x <= 1.
 */
extern double special_betainc(double a, double b, double x);
extern double special_betainc_upper(double a, double b, double x);

/* The x with I_x(a, b) = p, the quantile of Beta(a, b); 0 <= p <= 1. */
extern double special_betainc_inv(double a, double b, double p);

/* The x with 1 - I_x(a, b) = q, for small upper tails; 0 <= q <= 1. */
extern double special_betainc_upper_inv(double a, double b, double q);

/*
 * Regularised incomplete gamma P(a, x), the cdf of Gamma(shape a, scale 1),
 * and Q = 1 - P; a > 0, x >= 0 (Infinity allowed).
 */
extern double special_gamma_p(double a, double x);
extern double special_gamma_q(double a, double x);

/*
 * The x with P(a, x) = p, and the x with Q(a, x) = q; arguments in [0, 1];
 * Infinity at p = 1 and q = 0.
 */
extern double special_gamma_p_inv(double a, double p);
extern double special_gamma_q_inv(double a, double q);

/* ---------------------------------------------------------------------------
 * Distributions.  "upper" is P(X > x); for a continuous one also P(X >= x).
 * x may be infinite.
 * ---------------------------------------------------------------------------
 */

/* Standard normal: density, cdf, upper tail, quantile (infinite at 0 and 1). */
extern double special_normal_pdf(double x);
extern double special_normal_cdf(double x);
extern double special_normal_upper(double x);
extern double special_normal_quantile(double p);

/*
 * Student t, df > 0 (fractions as of Welch and Infinity = normal allowed):
 * cdf, P(|T| >= |t|), quantile (infinite at 0 and 1).
 */
extern double special_t_cdf(double t, double df);
extern double special_t_two_sided(double t, double df);
extern double special_t_quantile(double p, double df);

/* Chi-square upper tail; df > 0; 1 for x <= 0. */
extern double special_chisq_upper(double x, double df);

/* F upper tail; df1, df2 > 0; 1 for f <= 0. */
extern double special_f_upper(double f, double df1, double df2);

/*
 * Binomial tails: P(X >= k) and P(X <= k) for X ~ Binomial(n, p); n >= 0,
 * 0 <= p <= 1, any k (1 or 0 outside 0 .. n).  k itself counts in both.
 */
extern double special_binomial_upper(int64_t k, int64_t n, double p);
extern double special_binomial_lower(int64_t k, int64_t n, double p);

/*
 * Log density of Beta(a, b) at x; a, b > 0.  -Infinity where the
 * density is 0 (also outside [0, 1]), Infinity where it has a pole (x = 0 with
 * a < 1, x = 1 with b < 1).  Error 1e-12 relative to max(1, |value|).
 */
extern double special_beta_logpdf(double x, double a, double b);

/* ---------------------------------------------------------------------------
 * Quadrature: constant tables, nodes ascending.
 *
 * Gauss-Legendre, n = 8, 16, 32: the integral of f over [-1, 1] is the sum of
 *	weights[i] * f(nodes[i]), exact for polynomials up to degree 2n - 1.  Over
 *	[lo, hi]: nodes to (lo + hi)/2 + (hi - lo)/2 * node, sum times (hi - lo)/2.
 * Gauss-Hermite, n = 16, 32, in the probabilists' form scaled to the normal
 *	density: E f(Z), Z ~ N(0, 1), is the sum of weights[i] * f(nodes[i]); the
 *	weights add up to 1.  For N(mu, sigma): f(mu + sigma * node).
 * ---------------------------------------------------------------------------
 */
typedef struct SpecialQuadrature
{
	int			n;
	const double *nodes;
	const double *weights;
} SpecialQuadrature;

/* NULL for an n without a table. */
extern const SpecialQuadrature *special_gauss_legendre(int n);
extern const SpecialQuadrature *special_gauss_hermite(int n);

/* ---------------------------------------------------------------------------
 * Multiplicity
 * ---------------------------------------------------------------------------
 */

/*
 * Fills order[0 .. n-1] with the indexes of values in ascending order of
 * value, equal values in order of index.  No NaN among them.
 */
extern void special_order(const double *values, size_t n, size_t *order);

/*
 * Replaces the p-values, each at its place, by those adjusted after Benjamini
 * and Hochberg (1995): the smallest false discovery rate at which the
 * hypothesis is rejected; equal p-values get equal results.  order is a work
 * area of n; afterwards it holds the ascending order.  False, and p left as it
 * was, when a p-value is not within [0, 1].
 */
extern bool special_bh_adjust(double *p, size_t n, size_t *order);

#endif							/* BTWIN_SPECIAL_H */
