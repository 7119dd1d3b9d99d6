/*
 * linalg.h
 *		Small symmetric positive definite systems: Cholesky and what Newton's
 *		method needs around it.
 *
 * Pure C99: no server header, no allocation, no error raised, no global state.
 *
 * A matrix of order n is a caller's buffer of n * n doubles, row-major:
 * element (i, j) stands at a[i * n + j].  Symmetric matrices are kept whole;
 * routines that take one read only its lower triangle and those that change
 * one keep both triangles equal.  A factor is lower triangular with zeros
 * above its diagonal.  Distinct arguments must not overlap unless stated.
 *
 * Functions with a status check n (1 .. LINALG_MAX_N); the others trust it.
 */
#ifndef BTWIN_LINALG_H
#define BTWIN_LINALG_H

/* 64 features and an intercept */
#define LINALG_MAX_N	65

typedef enum LinalgStatus
{
	LINALG_OK = 0,
	LINALG_NOT_POSITIVE_DEFINITE,	/* or singular to working precision */
	LINALG_NOT_FINITE,			/* NaN, infinity or overflow in the matrix */
	LINALG_BAD_SIZE				/* n outside 1 .. LINALG_MAX_N */
} LinalgStatus;

/*
 * Replaces a by its factor L, A = L L'.  A pivot not above n * DBL_EPSILON
 * times its diagonal element counts as not positive definite.  On failure a
 * holds nothing of use: keep a copy, add a ridge to that, try again.
 */
extern LinalgStatus linalg_cholesky(double *a, int n);

/* x := inverse(L) x */
extern void linalg_solve_lower(const double *l, int n, double *x);

/* x := inverse(L') x */
extern void linalg_solve_lower_transposed(const double *l, int n, double *x);

/* x := inverse(L L') x, the solution of A x = b with b given in x. */
extern void linalg_cholesky_solve(const double *l, int n, double *x);

/* inverse := inverse(L L'), exactly symmetric. */
extern void linalg_cholesky_inverse(const double *l, int n, double *inverse);

/* log det(L L') */
extern double linalg_cholesky_logdet(const double *l, int n);

/* x' inverse(L L') x, never negative; work holds n doubles. */
extern double linalg_cholesky_quadratic(const double *l, int n,
										const double *x, double *work);

/*
 * Factor, solve and leave: a and x are overwritten by L and the solution of
 * A x = b, b given in x.  x is left as it was on failure.
 */
extern LinalgStatus linalg_solve(double *a, int n, double *x);

/* A := A + alpha x x' */
extern void linalg_rank_one(double *a, int n, double alpha, const double *x);

/* A := A + lambda I */
extern void linalg_ridge(double *a, int n, double lambda);

/*
 * One row of a weighted normal equation: hessian += weight * x x' and
 * gradient += residual * x.  With
 *	weighted least squares	weight = w,			  residual = w * y
 *	logistic Newton step	weight = w * p (1-p), residual = w * (y - p)
 * linalg_solve(hessian, n, gradient) is then the estimate, or the step to add
 * to the coefficients.  States of parts are merged by linalg_add.
 */
extern void linalg_normal_add(double *hessian, double *gradient, int n,
							  const double *x, double weight, double residual);

/* x := x + y over count elements: vectors (n) and matrices (n * n) alike. */
extern void linalg_add(double *x, const double *y, int count);

/* x' y */
extern double linalg_dot(const double *x, const double *y, int n);

/* y := A x, A symmetric. */
extern void linalg_multiply(const double *a, int n, const double *x, double *y);

#endif							/* BTWIN_LINALG_H */
