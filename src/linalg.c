/*
 * linalg.c
 *		Small symmetric positive definite systems: Cholesky and what Newton's
 *		method needs around it.
 */
#include "linalg.h"

#include <float.h>
#include <math.h>

/*
 * Row by row:	L[i][j] = (A[i][j] - sum over k < j of L[i][k] L[j][k]) / L[j][j]
 *				L[i][i] = sqrt(A[i][i] - sum over k < i of L[i][k]^2)
 */
LinalgStatus
linalg_cholesky(double *a, int n)
{
	int			i;
	int			j;

	if (n < 1 || n > LINALG_MAX_N)
		return LINALG_BAD_SIZE;

	for (i = 0; i < n; i++)
	{
		double	   *row = a + (long) i * n;
		double		diagonal = row[i];
		double		pivot;

		for (j = 0; j < i; j++)
		{
			const double *other = a + (long) j * n;

			row[j] = (row[j] - linalg_dot(row, other, j)) / other[j];
		}
		pivot = diagonal - linalg_dot(row, row, i);
		if (!isfinite(pivot))
			return LINALG_NOT_FINITE;

		/*
		 * The subtraction above is off by about n roundings of the diagonal
		 * element: a pivot of that size says nothing about its own sign.
		 */
		if (!(pivot > n * DBL_EPSILON * diagonal))
			return LINALG_NOT_POSITIVE_DEFINITE;
		row[i] = sqrt(pivot);
		for (j = i + 1; j < n; j++)
			row[j] = 0.0;
	}
	return LINALG_OK;
}

void
linalg_solve_lower(const double *l, int n, double *x)
{
	int			i;

	for (i = 0; i < n; i++)
	{
		const double *row = l + (long) i * n;

		x[i] = (x[i] - linalg_dot(row, x, i)) / row[i];
	}
}

/* By columns of L', which are rows of L. */
void
linalg_solve_lower_transposed(const double *l, int n, double *x)
{
	int			i;
	int			j;

	for (i = n - 1; i >= 0; i--)
	{
		const double *row = l + (long) i * n;

		x[i] /= row[i];
		for (j = 0; j < i; j++)
			x[j] -= row[j] * x[i];
	}
}

void
linalg_cholesky_solve(const double *l, int n, double *x)
{
	linalg_solve_lower(l, n, x);
	linalg_solve_lower_transposed(l, n, x);
}

/*
 * Row j of the result is the solution for the j-th unit vector; that is also
 * column j.  The halves agree to rounding and are then made equal.
 */
void
linalg_cholesky_inverse(const double *l, int n, double *inverse)
{
	int			i;
	int			j;

	for (j = 0; j < n; j++)
	{
		double	   *row = inverse + (long) j * n;

		for (i = 0; i < n; i++)
			row[i] = (i == j) ? 1.0 : 0.0;
		linalg_cholesky_solve(l, n, row);
	}
	for (i = 0; i < n; i++)
	{
		for (j = 0; j < i; j++)
		{
			double	   *lower = &inverse[(long) i * n + j];
			double	   *upper = &inverse[(long) j * n + i];

			*lower = 0.5 * (*lower + *upper);
			*upper = *lower;
		}
	}
}

double
linalg_cholesky_logdet(const double *l, int n)
{
	double		sum = 0.0;
	int			i;

	for (i = 0; i < n; i++)
		sum += log(l[(long) i * n + i]);
	return 2.0 * sum;
}

/* x' inverse(L L') x is the squared length of inverse(L) x. */
double
linalg_cholesky_quadratic(const double *l, int n, const double *x, double *work)
{
	int			i;

	for (i = 0; i < n; i++)
		work[i] = x[i];
	linalg_solve_lower(l, n, work);
	return linalg_dot(work, work, n);
}

LinalgStatus
linalg_solve(double *a, int n, double *x)
{
	LinalgStatus status = linalg_cholesky(a, n);

	if (status == LINALG_OK)
		linalg_cholesky_solve(a, n, x);
	return status;
}

void
linalg_rank_one(double *a, int n, double alpha, const double *x)
{
	int			i;
	int			j;

	for (i = 0; i < n; i++)
	{
		for (j = 0; j <= i; j++)
		{
			double		sum = a[(long) i * n + j] + alpha * x[i] * x[j];

			a[(long) i * n + j] = sum;
			a[(long) j * n + i] = sum;
		}
	}
}

void
linalg_ridge(double *a, int n, double lambda)
{
	int			i;

	for (i = 0; i < n; i++)
		a[(long) i * n + i] += lambda;
}

void
linalg_normal_add(double *hessian, double *gradient, int n,
				  const double *x, double weight, double residual)
{
	int			i;

	linalg_rank_one(hessian, n, weight, x);
	for (i = 0; i < n; i++)
		gradient[i] += residual * x[i];
}

void
linalg_add(double *x, const double *y, int count)
{
	int			i;

	for (i = 0; i < count; i++)
		x[i] += y[i];
}

double
linalg_dot(const double *x, const double *y, int n)
{
	double		sum = 0.0;
	int			i;

	for (i = 0; i < n; i++)
		sum += x[i] * y[i];
	return sum;
}

/* The upper triangle is taken from the lower one. */
void
linalg_multiply(const double *a, int n, const double *x, double *y)
{
	int			i;
	int			j;

	for (i = 0; i < n; i++)
		y[i] = 0.0;
	for (i = 0; i < n; i++)
	{
		const double *row = a + (long) i * n;

		for (j = 0; j < i; j++)
		{
			y[i] += row[j] * x[j];
			y[j] += row[j] * x[i];
		}
		y[i] += row[i] * x[i];
	}
}
