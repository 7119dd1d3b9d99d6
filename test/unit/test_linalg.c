/*
 * test_linalg.c
 *		Cholesky and its companions against exact small cases and random
 *		matrices of known make.
 */
#include <float.h>
#include <stdint.h>
#include <string.h>

#include "linalg.h"
#include "num.h"
#include "unit.h"

#define MAX		LINALG_MAX_N

static uint64_t random_state;

static double
random_symmetric(void)
{
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return (double) ((random_state * UINT64_C(2685821657736338717)) >> 11) /
		4503599627370496.0 - 1.0;
}

/* The textbook case: L has 2 | 6 1 | -8 5 3, so A is known in integers. */
static const double exact_a[9] = {4, 12, -16, 12, 37, -43, -16, -43, 98};
static const double exact_l[9] = {2, 0, 0, 6, 1, 0, -8, 5, 3};

TEST(cholesky_exact)
{
	double		a[9];
	double		x[3] = {1, 2, 3};
	double		inverse[9];
	double		work[3];
	int			i;

	memcpy(a, exact_a, sizeof(a));
	/* The upper triangle is not read. */
	a[1] = a[2] = a[5] = NAN;
	CHECK(linalg_cholesky(a, 3) == LINALG_OK);
	for (i = 0; i < 9; i++)
		CHECK_EQ(a[i], exact_l[i]);

	/* det = (2 * 1 * 3)^2 = 36 */
	CHECK_CLOSE(linalg_cholesky_logdet(a, 3), log(36.0), 1e-15);

	/* L z = (1, 2, 3): z = 1/2, 2 - 3 = -1, (3 + 4 + 5) / 3 = 4 */
	linalg_solve_lower(a, 3, x);
	CHECK_EQ(x[0], 0.5);
	CHECK_EQ(x[1], -1.0);
	CHECK_EQ(x[2], 4.0);
	/* L' x = z: x3 = 4/3, x2 = -1 - 20/3 = -23/3, x1 = (1/2 + 46 + 32/3) / 2 */
	linalg_solve_lower_transposed(a, 3, x);
	CHECK_CLOSE(x[2], 4.0 / 3, 1e-15);
	CHECK_CLOSE(x[1], -23.0 / 3, 1e-15);
	CHECK_CLOSE(x[0], 343.0 / 12, 1e-15);

	/* |z|^2 = 1/4 + 1 + 16 */
	x[0] = 1;
	x[1] = 2;
	x[2] = 3;
	CHECK_EQ(linalg_cholesky_quadratic(a, 3, x, work), 17.25);
	CHECK_EQ(x[2], 3.0);

	/* A^-1 = [1777/36 -122/9 19/9; -122/9 34/9 -5/9; 19/9 -5/9 1/9] */
	linalg_cholesky_inverse(a, 3, inverse);
	CHECK_CLOSE(inverse[0], 1777.0 / 36, 1e-14);
	CHECK_CLOSE(inverse[1], -122.0 / 9, 1e-14);
	CHECK_CLOSE(inverse[2], 19.0 / 9, 1e-14);
	CHECK_CLOSE(inverse[4], 34.0 / 9, 1e-14);
	CHECK_CLOSE(inverse[5], -5.0 / 9, 1e-14);
	CHECK_CLOSE(inverse[8], 1.0 / 9, 1e-14);
	CHECK_EQ(inverse[3], inverse[1]);
	CHECK_EQ(inverse[6], inverse[2]);
	CHECK_EQ(inverse[7], inverse[5]);

	/* order 1 */
	a[0] = 9;
	x[0] = 18;
	CHECK(linalg_solve(a, 1, x) == LINALG_OK);
	CHECK_EQ(a[0], 3.0);
	CHECK_EQ(x[0], 2.0);
}

TEST(status)
{
	/* eigenvalues 3 and -1 */
	double		indefinite[4] = {1, 2, 2, 1};
	/* rank one */
	double		singular[9] = {1, 2, 3, 2, 4, 6, 3, 6, 9};
	/* v v' of (0.1, 0.7): rounding leaves its second pivot above 0 */
	double		rounded[4] = {0.1 * 0.1, 0.1 * 0.7, 0.1 * 0.7, 0.7 * 0.7};
	double		zero[4] = {0, 0, 0, 0};
	double		negative[1] = {-2};
	double		nan[4] = {1, 0, NAN, 1};
	double		infinite[4] = {1, 0, 0, INFINITY};
	double		overflow[4] = {1, 0, 1e200, 1e300};
	double		x[2] = {5, 6};
	static double large[(MAX + 1) * (MAX + 1)];

	CHECK(linalg_solve(indefinite, 2, x) == LINALG_NOT_POSITIVE_DEFINITE);
	CHECK_EQ(x[0], 5.0);
	CHECK_EQ(x[1], 6.0);
	CHECK(linalg_cholesky(singular, 3) == LINALG_NOT_POSITIVE_DEFINITE);
	CHECK(linalg_cholesky(rounded, 2) == LINALG_NOT_POSITIVE_DEFINITE);
	CHECK(linalg_cholesky(zero, 2) == LINALG_NOT_POSITIVE_DEFINITE);
	CHECK(linalg_cholesky(negative, 1) == LINALG_NOT_POSITIVE_DEFINITE);
	CHECK(linalg_cholesky(nan, 2) == LINALG_NOT_FINITE);
	CHECK(linalg_cholesky(infinite, 2) == LINALG_NOT_FINITE);
	CHECK(linalg_cholesky(overflow, 2) == LINALG_NOT_FINITE);
	CHECK(linalg_cholesky(large, 0) == LINALG_BAD_SIZE);
	CHECK(linalg_cholesky(large, -1) == LINALG_BAD_SIZE);
	CHECK(linalg_cholesky(large, MAX + 1) == LINALG_BAD_SIZE);

	/* A ridge makes the singular one solvable. */
	memset(singular, 0, sizeof(singular));
	linalg_ridge(singular, 3, 1e-3);
	linalg_rank_one(singular, 3, 1, (const double[3]) {1, 2, 3});
	CHECK_EQ(singular[8], 9.001);
	CHECK(linalg_cholesky(singular, 3) == LINALG_OK);
}

TEST(small_operations)
{
	double		a[4] = {1, 2, 2, 5};
	const double x[2] = {3, -1};
	double		y[2];

	CHECK_EQ(linalg_dot(x, x, 2), 10.0);
	CHECK_EQ(linalg_dot(x, x, 0), 0.0);
	/* the upper triangle is not read: (3 - 2, 6 - 5) */
	a[1] = NAN;
	linalg_multiply(a, 2, x, y);
	CHECK_EQ(y[0], 1.0);
	CHECK_EQ(y[1], 1.0);
	/* + 2 * [9 -3; -3 1]: [19 -4; -4 7], both triangles written */
	linalg_rank_one(a, 2, 2, x);
	CHECK_EQ(a[0], 19.0);
	CHECK_EQ(a[1], -4.0);
	CHECK_EQ(a[2], -4.0);
	CHECK_EQ(a[3], 7.0);
	linalg_ridge(a, 2, 0.5);
	CHECK_EQ(a[0], 19.5);
	CHECK_EQ(a[1], -4.0);
	CHECK_EQ(a[3], 7.5);
	linalg_add(y, x, 2);
	CHECK_EQ(y[0], 4.0);
	CHECK_EQ(y[1], 0.0);
}

/* A = M M' + n I of every order: L L' = A, A A^-1 = I, A x = b. */
TEST(random_reconstruction)
{
	static double m[MAX * MAX];
	static double a[MAX * MAX];
	static double l[MAX * MAX];
	static double inverse[MAX * MAX];
	double		truth[MAX];
	double		x[MAX];
	double		y[MAX];
	double		work[MAX];
	int			n;
	int			i;
	int			j;

	random_state = 2026;
	for (n = 1; n <= MAX; n++)
	{
		double		worst = 0.0;
		double		worst_inverse = 0.0;
		double		logdet;

		memset(a, 0, sizeof(a));
		for (i = 0; i < n * n; i++)
			m[i] = random_symmetric();
		for (i = 0; i < n; i++)
			linalg_rank_one(a, n, 1.0, &m[i * n]);
		linalg_ridge(a, n, 0.1 * n);
		memcpy(l, a, sizeof(a));
		CHECK(linalg_cholesky(l, n) == LINALG_OK);
		linalg_cholesky_inverse(l, n, inverse);

		for (i = 0; i < n; i++)
		{
			truth[i] = random_symmetric();
			for (j = 0; j < n; j++)
			{
				double		product = linalg_dot(&l[i * n], &l[j * n], n);
				double		unit = linalg_dot(&a[i * n], &inverse[j * n], n);

				worst = fmax(worst, fabs(product - a[i * n + j]) / a[i * n + i]);
				worst_inverse = fmax(worst_inverse, fabs(unit - (i == j)));
				CHECK(j <= i || l[i * n + j] == 0.0);
				CHECK(inverse[i * n + j] == inverse[j * n + i]);
			}
		}
		CHECK(worst < 1e-14);
		CHECK(worst_inverse < 1e-12);

		linalg_multiply(a, n, truth, x);
		memcpy(y, x, sizeof(y));
		/* b' A^-1 b = b' truth */
		CHECK_CLOSE(linalg_cholesky_quadratic(l, n, x, work),
					linalg_dot(x, truth, n), 1e-12);
		linalg_cholesky_solve(l, n, x);
		for (i = 0; i < n; i++)
			CHECK(fabs(x[i] - truth[i]) < 1e-12);

		/* det(A + v v') = det(A) (1 + v' A^-1 v): the determinant lemma */
		logdet = linalg_cholesky_logdet(l, n);
		linalg_rank_one(a, n, 1.0, y);
		CHECK(linalg_cholesky(a, n) == LINALG_OK);
		CHECK(fabs(linalg_cholesky_logdet(a, n) - logdet -
				   log1p(linalg_cholesky_quadratic(l, n, y, work))) < 1e-12 * n);
	}
}

/* Weighted least squares on an exact plane returns its coefficients. */
TEST(normal_equations)
{
	static const double beta[3] = {1.5, -2, 0.25};
	double		h[9] = {0};
	double		g[3] = {0};
	double		part_h[9] = {0};
	double		part_g[3] = {0};
	int			i;

	random_state = 5;
	for (i = 0; i < 200; i++)
	{
		double		x[3] = {1, random_symmetric(), 10 * random_symmetric()};
		double		w = 1.1 + random_symmetric();
		double		y = linalg_dot(x, beta, 3);

		/* Two parts, merged. */
		if (i % 3 == 0)
			linalg_normal_add(part_h, part_g, 3, x, w, w * y);
		else
			linalg_normal_add(h, g, 3, x, w, w * y);
	}
	linalg_add(h, part_h, 9);
	linalg_add(g, part_g, 3);
	CHECK_EQ(h[1], h[3]);
	CHECK(linalg_solve(h, 3, g) == LINALG_OK);
	for (i = 0; i < 3; i++)
		CHECK_CLOSE(g[i], beta[i], 1e-12);
}

/*
 * Newton steps of a logistic regression with one binary feature: the maximum
 * is known in closed form.  x = 0: 3 of 10 positive; x = 1: 8 of 12.
 * intercept = logit(3/10), slope = logit(8/12) - logit(3/10).
 */
TEST(newton_logistic)
{
	double		beta[2] = {0, 0};
	int			round;
	int			i;

	for (round = 0; round < 8; round++)
	{
		double		h[4] = {0};
		double		g[2] = {0};

		for (i = 0; i < 22; i++)
		{
			double		x[2] = {1, i >= 10};
			double		y = (i < 3 || i >= 14);
			double		p = num_logistic(linalg_dot(x, beta, 2));

			linalg_normal_add(h, g, 2, x, p * (1 - p), y - p);
		}
		CHECK(linalg_solve(h, 2, g) == LINALG_OK);
		linalg_add(beta, g, 2);
	}
	CHECK_CLOSE(beta[0], log(3.0 / 7), 1e-13);
	CHECK_CLOSE(beta[1], log(8.0 / 4) - log(3.0 / 7), 1e-13);
}

int
main(void)
{
	UNIT_BEGIN(6);
	RUN(cholesky_exact);
	RUN(status);
	RUN(small_operations);
	RUN(random_reconstruction);
	RUN(normal_equations);
	RUN(newton_logistic);
	UNIT_END();
}
