/*
 * test_num.c
 *		Sums, moments, order statistics and scalars against known truth.
 */
#include <float.h>
#include <stdint.h>
#include <string.h>

#include "num.h"
#include "unit.h"

/* Own generator (xorshift64*), so that every platform tests the same data. */
static uint64_t random_state;

static double
random_unit(void)
{
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return (double) ((random_state * UINT64_C(2685821657736338717)) >> 11) /
		9007199254740992.0;
}

TEST(sum)
{
	NumSum		s;
	NumSum		t;
	int			i;

	num_sum_init(&s);
	CHECK_EQ(num_sum_value(&s), 0.0);

	/* Neumaier's example: plain and Kahan summation give 0. */
	num_sum_add(&s, 1.0);
	num_sum_add(&s, 1e100);
	num_sum_add(&s, 1.0);
	num_sum_add(&s, -1e100);
	CHECK_EQ(num_sum_value(&s), 2.0);

	/* Ten million tenths: 1e6 to the last digit; plain summation misses by 1e-4. */
	num_sum_init(&s);
	for (i = 0; i < 10000000; i++)
		num_sum_add(&s, 0.1);
	CHECK_EQ(num_sum_value(&s), 1e6);

	/* Parts merged, the large term in one, its negative in the other. */
	num_sum_init(&s);
	num_sum_init(&t);
	num_sum_add(&s, 1e100);
	num_sum_add(&s, 3.0);
	num_sum_add(&t, -1e100);
	num_sum_add(&t, 4.0);
	num_sum_merge(&s, &t);
	CHECK_EQ(num_sum_value(&s), 7.0);

	/* Empty merges, and one with itself. */
	num_sum_init(&t);
	num_sum_merge(&s, &t);
	CHECK_EQ(num_sum_value(&s), 7.0);
	num_sum_merge(&t, &s);
	CHECK_EQ(num_sum_value(&t), 7.0);
	num_sum_merge(&t, &t);
	CHECK_EQ(num_sum_value(&t), 14.0);

	/* Overflow is infinite, not NaN. */
	num_sum_init(&s);
	num_sum_add(&s, DBL_MAX);
	num_sum_add(&s, DBL_MAX);
	num_sum_add(&s, 1.0);
	CHECK_EQ(num_sum_value(&s), INFINITY);
}

TEST(moments_known)
{
	/* mean 5, squared deviations 9 + 1 + 1 + 1 + 0 + 0 + 4 + 16 = 32 */
	static const double x[] = {2, 4, 4, 4, 5, 5, 7, 9};
	NumMoments	m;
	NumMoments	w;
	int			i;

	num_moments_init(&m);
	CHECK_NAN(num_moments_mean(&m));
	CHECK_NAN(num_moments_var_pop(&m));
	CHECK_NAN(num_moments_var_samp(&m));
	CHECK_NAN(num_moments_sd(&m));

	num_moments_add(&m, x[0], 1);
	CHECK_EQ(num_moments_mean(&m), 2.0);
	CHECK_EQ(num_moments_var_pop(&m), 0.0);
	CHECK_NAN(num_moments_var_samp(&m));
	for (i = 1; i < 8; i++)
		num_moments_add(&m, x[i], 1);
	CHECK_EQ(m.n, 8.0);
	CHECK_EQ(m.sx, 40.0);
	CHECK_CLOSE(m.sxx, 32.0, 1e-15);
	CHECK_EQ(num_moments_mean(&m), 5.0);
	CHECK_CLOSE(num_moments_var_pop(&m), 4.0, 1e-15);
	CHECK_CLOSE(num_moments_var_samp(&m), 32.0 / 7, 1e-15);
	CHECK_CLOSE(num_moments_sd(&m), sqrt(32.0 / 7), 1e-15);

	/* A weight is a number of rows. */
	num_moments_init(&w);
	num_moments_add(&w, 4, 3);
	num_moments_add(&w, 9, 1);
	num_moments_add(&w, 5, 2);
	num_moments_add(&w, 2, 1);
	num_moments_add(&w, 7, 1);
	CHECK_EQ(w.n, 8.0);
	CHECK_EQ(w.sx, 40.0);
	CHECK_CLOSE(w.sxx, 32.0, 1e-15);

	/* No weight, no row. */
	num_moments_add(&w, 1e9, 0);
	num_moments_add(&w, 1e9, -1);
	num_moments_add(&w, 1e9, NAN);
	CHECK_EQ(w.n, 8.0);
	CHECK_EQ(w.sx, 40.0);

	/*
	 * A tiny weight before a large one: 1e-12 * 1 / (1 + 1e-12) times
	 * (1 - 0)^2, which a deviation from the new mean would lose.
	 */
	num_moments_init(&w);
	num_moments_add(&w, 0.3, 1e-12);
	num_moments_add(&w, 1.3, 1);
	CHECK_CLOSE(w.sxx, 1e-12 / (1 + 1e-12), 1e-14);
}

/*
 * 1e9 + {4, 7, 13, 16}, repeated: mean 1e9 + 10, squared deviations
 * 36 + 9 + 9 + 36 = 90 for each four.  The textbook formula, sum of squares
 * less square of sum, returns a negative number here.
 */
TEST(moments_large_offset)
{
	static const double x[] = {4, 7, 13, 16};
	NumMoments	m;
	int			i;

	num_moments_init(&m);
	for (i = 0; i < 4; i++)
		num_moments_add(&m, 1e9 + x[i], 1);
	CHECK_CLOSE(num_moments_mean(&m), 1e9 + 10, 1e-15);
	CHECK_CLOSE(num_moments_var_samp(&m), 30.0, 1e-12);

	for (i = 4; i < 40000; i++)
		num_moments_add(&m, 1e9 + x[i % 4], 1);
	CHECK_CLOSE(num_moments_mean(&m), 1e9 + 10, 1e-15);
	/* The mean itself is only good to 1e-16 * 1e9 = 1e-7 of the deviations. */
	CHECK_CLOSE(m.sxx, 90.0 * 10000, 1e-9);
}

TEST(moments_constant)
{
	NumMoments	a;
	NumMoments	b;
	NumCoMoments c;
	NumCoMoments d;
	int			i;

	/* 0.1 summed does not divide back to 0.1; sxx must be 0 all the same. */
	num_moments_init(&a);
	num_moments_init(&b);
	num_comoments_init(&c);
	num_comoments_init(&d);
	for (i = 0; i < 100000; i++)
	{
		num_moments_add(&a, 0.1, 1);
		num_moments_add(&b, 0.1, 0.7);
		num_comoments_add(&c, 0.1, i % 10, 1);
		num_comoments_add(&d, i % 7, 0.1, 0.3);
	}
	CHECK_EQ(a.sxx, 0.0);
	CHECK_CLOSE(num_moments_mean(&a), 0.1, 1e-15);
	CHECK_EQ(b.sxx, 0.0);
	num_moments_merge(&a, &b);
	CHECK_EQ(a.sxx, 0.0);
	num_moments_add(&a, 0.1, 1);
	CHECK_EQ(a.sxx, 0.0);
	CHECK_CLOSE(num_moments_mean(&a), 0.1, 1e-15);

	CHECK_EQ(c.sxx, 0.0);
	CHECK_EQ(c.sxy, 0.0);
	CHECK_NAN(num_comoments_slope(&c));
	CHECK_NAN(num_comoments_intercept(&c));
	CHECK_NAN(num_comoments_r(&c));
	CHECK_EQ(d.syy, 0.0);
	CHECK_EQ(num_comoments_slope(&d), 0.0);
	CHECK_CLOSE(num_comoments_intercept(&d), 0.1, 1e-15);
	CHECK_NAN(num_comoments_r(&d));

	/* (0.1 + 0.1 + 0.1) / 3 is not 0.1: merged constants still do not vary. */
	num_moments_init(&a);
	num_moments_init(&b);
	num_moments_add(&a, 0.1, 1);
	num_moments_add(&b, 0.1, 3);
	CHECK(num_moments_mean(&a) != num_moments_mean(&b));
	num_moments_merge(&a, &b);
	CHECK_EQ(a.sxx, 0.0);

	/* The smallest real difference still counts: 0.1 and 0.1 (1 + 1e-14). */
	num_moments_init(&a);
	num_moments_add(&a, 0.1, 1);
	num_moments_add(&a, 0.1 * (1 + 1e-14), 1);
	CHECK(a.sxx > 0.0);
	/* Two constants that differ: n1 n2 / (n1 + n2) d^2 = 1/2. */
	num_moments_init(&a);
	num_moments_init(&b);
	num_moments_add(&a, 3, 1);
	num_moments_add(&b, 4, 1);
	num_moments_merge(&a, &b);
	CHECK_EQ(a.sxx, 0.5);
	/* Zeros are a constant too. */
	num_moments_init(&a);
	num_moments_add(&a, 0, 1);
	num_moments_add(&a, 0, 1);
	CHECK_EQ(a.sxx, 0.0);
	num_moments_add(&a, 3, 1);
	CHECK_EQ(a.sxx, 6.0);
}

#define ROWS	3000
#define PARTS	10

/* Parts merged forwards, backwards and as a tree equal one pass. */
TEST(merge_any_order)
{
	static double x[ROWS];
	static double y[ROWS];
	static double w[ROWS];
	NumMoments	part[PARTS];
	NumCoMoments co_part[PARTS];
	NumMoments	one;
	NumCoMoments co_one;
	int			way;
	int			i;
	int			k;

	random_state = 42;
	num_moments_init(&one);
	num_comoments_init(&co_one);
	for (i = 0; i < ROWS; i++)
	{
		x[i] = 100 + 15 * random_unit();
		y[i] = 3 - 0.2 * x[i] + random_unit();
		w[i] = 0.1 + random_unit();
		num_moments_add(&one, x[i], w[i]);
		num_comoments_add(&co_one, x[i], y[i], w[i]);
	}

	for (way = 0; way < 3; way++)
	{
		NumMoments	all;
		NumCoMoments co_all;

		/* Uneven parts, the last one empty. */
		memset(part, 0, sizeof(part));
		memset(co_part, 0, sizeof(co_part));
		for (i = 0; i < ROWS; i++)
		{
			k = (int) (sqrt((double) i / ROWS) * (PARTS - 1));
			num_moments_add(&part[k], x[i], w[i]);
			num_comoments_add(&co_part[k], x[i], y[i], w[i]);
		}
		CHECK_EQ(part[PARTS - 1].n, 0.0);

		num_moments_init(&all);
		num_comoments_init(&co_all);
		if (way < 2)
		{
			for (k = 0; k < PARTS; k++)
			{
				int			p = way ? PARTS - 1 - k : k;

				num_moments_merge(&all, &part[p]);
				num_comoments_merge(&co_all, &co_part[p]);
			}
		}
		else
		{
			int			step;

			for (step = 1; step < PARTS; step *= 2)
			{
				for (k = 0; k + step < PARTS; k += 2 * step)
				{
					num_moments_merge(&part[k], &part[k + step]);
					num_comoments_merge(&co_part[k], &co_part[k + step]);
				}
			}
			all = part[0];
			co_all = co_part[0];
		}
		CHECK_CLOSE(all.n, one.n, 1e-12);
		CHECK_CLOSE(all.sx, one.sx, 1e-12);
		CHECK_CLOSE(all.sxx, one.sxx, 1e-12);
		CHECK_CLOSE(co_all.n, co_one.n, 1e-12);
		CHECK_CLOSE(co_all.sx, co_one.sx, 1e-12);
		CHECK_CLOSE(co_all.sy, co_one.sy, 1e-12);
		CHECK_CLOSE(co_all.sxx, co_one.sxx, 1e-12);
		CHECK_CLOSE(co_all.syy, co_one.syy, 1e-12);
		CHECK_CLOSE(co_all.sxy, co_one.sxy, 1e-12);
		CHECK_CLOSE(num_comoments_slope(&co_all), num_comoments_slope(&co_one), 1e-12);
		CHECK_CLOSE(num_comoments_r(&co_all), num_comoments_r(&co_one), 1e-12);
	}
	/* The univariate state and the bivariate one agree about x. */
	CHECK_CLOSE(co_one.sxx, one.sxx, 1e-15);
}

TEST(merge_edges)
{
	NumMoments	a;
	NumMoments	b;
	NumCoMoments c;
	NumCoMoments d;

	num_moments_init(&a);
	num_moments_init(&b);
	num_moments_merge(&a, &b);
	CHECK_EQ(a.n, 0.0);
	CHECK_EQ(a.sxx, 0.0);
	num_moments_add(&b, 1, 1);
	num_moments_add(&b, 3, 1);
	num_moments_merge(&a, &b);
	CHECK_EQ(a.n, 2.0);
	CHECK_EQ(a.sxx, 2.0);
	num_moments_init(&b);
	num_moments_merge(&a, &b);
	CHECK_EQ(a.n, 2.0);
	CHECK_EQ(a.sxx, 2.0);
	/* with itself: 1, 3, 1, 3 */
	num_moments_merge(&a, &a);
	CHECK_EQ(a.n, 4.0);
	CHECK_EQ(a.sx, 8.0);
	CHECK_EQ(a.sxx, 4.0);

	num_comoments_init(&c);
	num_comoments_init(&d);
	num_comoments_merge(&c, &d);
	CHECK_EQ(c.n, 0.0);
	CHECK_NAN(num_comoments_slope(&c));
	num_comoments_add(&d, 1, 2, 1);
	num_comoments_add(&d, 3, 8, 1);
	num_comoments_merge(&c, &d);
	CHECK_EQ(num_comoments_slope(&c), 3.0);
	num_comoments_merge(&c, &c);
	CHECK_EQ(c.n, 4.0);
	CHECK_EQ(num_comoments_slope(&c), 3.0);

	/* Overflow is told. */
	CHECK(num_moments_is_finite(&a));
	num_moments_add(&a, 1e300, 1);
	CHECK(!num_moments_is_finite(&a));
	CHECK(num_comoments_is_finite(&c));
	num_comoments_add(&c, 1e300, 1e300, 1);
	CHECK(!num_comoments_is_finite(&c));
}

/*
 * Anscombe's first set: mean x 9, mean y 7.500909..., Sxx 110, Syy 41.272691,
 * Sxy 55.01; slope Sxy/Sxx = 0.500090909..., intercept 3.000090909...,
 * r = 55.01 / sqrt(110 * 41.27269090...) = 0.816420516344...
 */
TEST(comoments_known)
{
	static const double x[] = {10, 8, 13, 9, 11, 14, 6, 4, 12, 7, 5};
	static const double y[] = {
		8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68
	};
	NumCoMoments m;
	NumCoMoments far;
	int			i;

	num_comoments_init(&m);
	num_comoments_init(&far);
	CHECK_NAN(num_comoments_intercept(&m));
	CHECK_NAN(num_comoments_cov_samp(&m));
	for (i = 0; i < 11; i++)
	{
		num_comoments_add(&m, x[i], y[i], 1);
		num_comoments_add(&far, 1e9 + x[i], 1e9 - x[i], 0.5);
	}
	CHECK_CLOSE(m.sxx, 110.0, 1e-14);
	CHECK_CLOSE(m.sxy, 55.01, 1e-14);
	CHECK_CLOSE(num_comoments_slope(&m), 55.01 / 110, 1e-14);
	CHECK_CLOSE(num_comoments_intercept(&m), 82.51 / 11 - 55.01 / 110 * 9, 1e-14);
	CHECK_CLOSE(num_comoments_r(&m), 0.81642051634484, 1e-13);
	CHECK_CLOSE(num_comoments_cov_samp(&m), 5.501, 1e-14);

	/* An exact falling line far from the origin; r does not leave [-1, 1]. */
	CHECK_CLOSE(far.sxx, 55.0, 1e-6);
	CHECK_CLOSE(num_comoments_slope(&far), -1.0, 1e-6);
	CHECK_CLOSE(num_comoments_r(&far), -1.0, 1e-6);
	CHECK(num_comoments_r(&far) >= -1.0);

	/* points on a line through the origin: rounding never passes 1, nor -1 */
	for (i = 1; i <= 200; i++)
	{
		NumCoMoments line = {0};
		NumCoMoments falling = {0};
		int			k;

		for (k = 1; k <= 5; k++)
		{
			num_comoments_add(&line, 0.1 * k * i, 1e-3 * (k * i / 7.0), 1.0);
			num_comoments_add(&falling, 0.1 * k * i, -(k * i / 7.0), 1.0);
		}
		CHECK_CLOSE(num_comoments_r(&line), 1.0, 1e-14);
		CHECK(num_comoments_r(&line) <= 1.0);
		CHECK_CLOSE(num_comoments_r(&falling), -1.0, 1e-14);
		CHECK(num_comoments_r(&falling) >= -1.0);
	}
}

TEST(scalars)
{
	CHECK_EQ(num_clamp(5, 0, 1), 1.0);
	CHECK_EQ(num_clamp(-5, 0, 1), 0.0);
	CHECK_EQ(num_clamp(0.5, 0, 1), 0.5);
	/* max(a, min(b, x)): the lower bound has the last word */
	CHECK_EQ(num_clamp(0.5, 2, 1), 2.0);
	CHECK_NAN(num_clamp(NAN, 0, 1));
	CHECK(num_is_finite(DBL_MAX));
	CHECK(!num_is_finite(INFINITY));
	CHECK(!num_is_finite(-INFINITY));
	CHECK(!num_is_finite(NAN));
}

/* Expected values: Math.round of ECMAScript, 21.3.2.28, with 0 for -0. */
TEST(round_half_up)
{
	static const double cases[][2] = {
		{0, 0}, {0.5, 1}, {1.5, 2}, {2.5, 3}, {-0.5, 0}, {-1.5, -1}, {-2.5, -2},
		{-2.51, -3}, {2.49, 2}, {-0.2, 0}, {-0.7, -1}, {1e-300, 0}, {-1e-300, 0},
		{0.49999999999999994, 0}, {-0.49999999999999994, 0},
		{0.50000000000000011, 1}, {-0.50000000000000011, -1},
		{4503599627370495.5, 4503599627370496.0},
		{-4503599627370495.5, -4503599627370495.0},
		{4503599627370497.0, 4503599627370497.0},
		{9007199254740991.0, 9007199254740991.0},
		{-9007199254740991.0, -9007199254740991.0},
		{1e300, 1e300}, {INFINITY, INFINITY}, {-INFINITY, -INFINITY}
	};
	size_t		i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
	{
		CHECK_EQ(num_round_half_up(cases[i][0]), cases[i][1]);
		CHECK(num_round_half_up(cases[i][0]) != 0 ||
			  !signbit(num_round_half_up(cases[i][0])));
	}
	CHECK(!signbit(num_round_half_up(-0.0)));
	CHECK_NAN(num_round_half_up(NAN));
}

TEST(logistic)
{
	double		x;

	CHECK_EQ(num_logistic(0), 0.5);
	CHECK_CLOSE(num_logistic(1), 0.73105857863000487926, 1e-15);
	CHECK_CLOSE(num_logistic(-1), 0.26894142136999512075, 1e-15);
	/* exp(-700) (1 - exp(-700) ...) */
	CHECK_CLOSE(num_logistic(-700), exp(-700.0), 1e-15);
	CHECK_EQ(num_logistic(-INFINITY), 0.0);
	CHECK_EQ(num_logistic(INFINITY), 1.0);
	CHECK_EQ(num_logistic(800), 1.0);

	CHECK_EQ(num_log1pexp(0), NUM_LN2);
	CHECK_CLOSE(num_log1pexp(1), 1.31326168751822283405, 1e-15);
	CHECK_CLOSE(num_log1pexp(-40), exp(-40.0), 1e-15);
	/* 20 + log(1 + exp(-20)) */
	CHECK_CLOSE(num_log1pexp(20), 20.0000000020611536182, 1e-16);
	CHECK_EQ(num_log1pexp(1000), 1000.0);
	CHECK_EQ(num_log1pexp(-1000), 0.0);
	CHECK_EQ(num_log1pexp(INFINITY), INFINITY);
	CHECK_EQ(num_log1pexp(-INFINITY), 0.0);
	/* its derivative is the logistic: continuous over the changes of form */
	for (x = -40; x <= 40; x += 0.25)
		CHECK_CLOSE((num_log1pexp(x + 1e-3) - num_log1pexp(x - 1e-3)) / 2e-3,
					num_logistic(x), 1e-6);

	CHECK_EQ(num_logit(0), -INFINITY);
	CHECK_EQ(num_logit(1), INFINITY);
	CHECK_EQ(num_logit(0.5), 0.0);
	CHECK_NAN(num_logit(-0.1));
	CHECK_NAN(num_logit(1.1));
	CHECK_NAN(num_logit(NAN));
	/* log(3/1), log(1/4) */
	CHECK_CLOSE(num_logit(0.75), log(3.0), 1e-15);
	CHECK_CLOSE(num_logit(0.2), log(0.25), 1e-15);
	/* near 1/2, logit(1/2 + d) = 4 d + 16 d^3 / 3 */
	CHECK_CLOSE(num_logit(0.5 + 0x1p-30), 0x1p-28, 1e-15);
	CHECK_CLOSE(num_logit(1e-300), log(1e-300), 1e-15);
	for (x = -30; x <= 12; x += 0.37)
		CHECK(fabs(num_logit(num_logistic(x)) - x) <= 1e-10);
}

TEST(quantiles)
{
	static const double given[] = {15, 20, 35, 40, 50};
	double		v[5];
	double		one[1] = {7};
	double		even[4] = {4, 1, 3, 2};
	double		pair[2] = {4, 3};
	double		wide[2] = {-DBL_MAX, DBL_MAX};

	/*
	 * Type 7: place p (n - 1).  0.4 * 4 = 1.6: 20 + 0.6 * 15 = 29;
	 * 0.05 * 4 = 0.2: 15 + 0.2 * 5 = 16; 0.5 * 4 = 2: 35.
	 */
	memcpy(v, given, sizeof(v));
	CHECK_CLOSE(num_quantile(v, 5, 0.4), 29.0, 1e-15);
	CHECK_CLOSE(num_quantile(v, 5, 0.05), 16.0, 1e-15);
	CHECK_EQ(num_quantile(v, 5, 0.5), 35.0);
	CHECK_EQ(num_quantile(v, 5, 0), 15.0);
	CHECK_EQ(num_quantile(v, 5, 1), 50.0);
	CHECK_EQ(num_median(v, 5), 35.0);
	/* deviations from 35: 20, 15, 0, 5, 15 */
	CHECK_EQ(num_mad(v, 5), 15.0);

	/* a tenth of the way from 3 to 4 */
	CHECK_CLOSE(num_quantile(pair, 2, 0.1), 3.1, 1e-15);
	CHECK_EQ(num_median(even, 4), 2.5);
	CHECK_EQ(num_median(one, 1), 7.0);
	CHECK_EQ(num_mad(one, 1), 0.0);
	CHECK_EQ(num_median(wide, 2), 0.0);
	CHECK_NAN(num_median(v, 0));
	CHECK_NAN(num_mad(v, 0));
	CHECK_NAN(num_quantile(v, 5, -0.1));
	CHECK_NAN(num_quantile(v, 5, 1.1));
	CHECK_NAN(num_quantile(v, 5, 1.01));
	CHECK_NAN(num_quantile(v, 5, NAN));
	CHECK_NAN(num_select(v, 5, 5));
	/* MAD of a normal is quantile(3/4) = 0.674489750196... of its sd */
	CHECK_CLOSE(NUM_MAD_TO_SD, 1 / 0.67448975019608174320, 1e-15);
}

static int
ascending(double *v, int n)
{
	int			i;
	int			j;

	/* Insertion sort: the independent reference. */
	for (i = 1; i < n; i++)
	{
		double		x = v[i];

		for (j = i; j > 0 && v[j - 1] > x; j--)
			v[j] = v[j - 1];
		v[j] = x;
	}
	return n;
}

/* Every rank of every shape of input, against a plain sort. */
TEST(select)
{
	static double given[400];
	static double sorted[400];
	static double work[400];
	int			shape;
	int			n;
	int			i;
	int			k;

	random_state = 99;
	for (shape = 0; shape < 6; shape++)
	{
		for (n = 1; n <= 400; n = n * 2 + 1)
		{
			for (i = 0; i < n; i++)
			{
				switch (shape)
				{
					case 0:
						given[i] = random_unit();
						break;
					case 1:
						given[i] = i;
						break;
					case 2:
						given[i] = -i;
						break;
					case 3:
						given[i] = 5;
						break;
					case 4:
						given[i] = floor(4 * random_unit());
						break;
					default:	/* organ pipe: hard on medians of three */
						given[i] = (i < n / 2) ? i : n - i;
				}
			}
			memcpy(sorted, given, sizeof(given));
			ascending(sorted, n);
			for (k = 0; k < n; k += 1 + n / 50)
			{
				int			ok = 1;

				memcpy(work, given, sizeof(given));
				CHECK_EQ(num_select(work, n, k), sorted[k]);
				for (i = 0; i < n; i++)
					ok = ok && (i < k ? work[i] <= work[k] : work[i] >= work[k]);
				CHECK(ok && work[k] == sorted[k]);
				ascending(work, n);
				CHECK(memcmp(work, sorted, n * sizeof(double)) == 0);
			}
		}
	}
}

/*
 * An order made by McIlroy's adversary (1999) against the pivots of num_select
 * with the greatest as its aim: every round takes off two elements only, and
 * the search runs into its sort.
 */
TEST(select_adversary)
{
	static const double killer[64] = {
		1, 33, 54, 2, 56, 50, 4, 35, 24, 6, 55, 60, 8, 37, 63, 10,
		46, 28, 12, 39, 40, 14, 52, 59, 16, 41, 32, 18, 57, 61, 20, 43,
		0, 22, 3, 36, 5, 45, 7, 26, 9, 62, 11, 47, 13, 30, 15, 48,
		17, 49, 19, 34, 21, 44, 23, 51, 25, 38, 27, 58, 29, 53, 31, 42
	};
	double		v[64];
	int			i;

	for (i = 0; i < 64; i++)
	{
		memcpy(v, killer, sizeof(v));
		CHECK_EQ(num_select(v, 64, i), (double) i);
	}
	/* NaN breaks the contract, but must neither hang nor read outside. */
	for (i = 0; i < 64; i++)
		v[i] = (i % 3 == 0) ? NAN : i;
	num_select(v, 64, 32);
}

/* Columns of one repeated value have no variance, whatever parts they are merged from. */
TEST(comoments_constant)
{
	NumCoMoments all;
	NumCoMoments part;
	int			i;
	int			j;

	num_comoments_init(&all);
	for (i = 1; i <= 50; i++)
	{
		num_comoments_init(&part);
		for (j = 0; j < i; j++)
			num_comoments_add(&part, 0.1, 0.7, 1.0 / 3.0);
		CHECK_EQ(part.sxx, 0.0);
		CHECK_EQ(part.syy, 0.0);
		num_comoments_merge(&all, &part);
		CHECK_EQ(all.sxx, 0.0);
		CHECK_EQ(all.syy, 0.0);
	}
	CHECK_NAN(num_comoments_slope(&all));
	CHECK_NAN(num_comoments_r(&all));
}

/* Weights below one hundredth count, those of 0 do not, and a variance needs more than 1. */
TEST(small_weights)
{
	NumMoments	m;
	NumMoments	o;
	NumCoMoments c;
	NumCoMoments d;

	num_moments_init(&m);
	num_moments_add(&m, 5.0, 0.0);
	CHECK_EQ(m.n, 0.0);
	CHECK_EQ(m.sx, 0.0);
	CHECK_EQ(m.sxx, 0.0);
	CHECK_NAN(num_moments_mean(&m));
	CHECK_NAN(num_moments_var_pop(&m));

	/* 2 and 4, weights 0.002 and 0.006: mean 3.5, variance (2.25 * 2 + 0.25 * 6) / 8 = 0.75 */
	num_moments_add(&m, 2.0, 0.002);
	num_moments_add(&m, 4.0, 0.006);
	CHECK_CLOSE(m.n, 0.008, 1e-15);
	CHECK_CLOSE(num_moments_mean(&m), 3.5, 1e-14);
	CHECK_CLOSE(num_moments_var_pop(&m), 0.75, 1e-13);
	CHECK_NAN(num_moments_var_samp(&m));
	num_moments_init(&o);
	num_moments_merge(&o, &m);
	CHECK_CLOSE(num_moments_mean(&o), 3.5, 1e-14);
	num_moments_merge(&o, &m);
	CHECK_CLOSE(o.n, 0.016, 1e-15);
	CHECK_CLOSE(num_moments_var_pop(&o), 0.75, 1e-13);

	/* weight 1 has no sample variance, weight 1.01 has: 0 once, 1 with 0.01:
	 * squared deviations 0.01 / 1.01, over 1.01 - 1 */
	num_moments_init(&m);
	num_moments_add(&m, 0.0, 0.5);
	num_moments_add(&m, 1.0, 0.5);
	CHECK_NAN(num_moments_var_samp(&m));
	CHECK_NAN(num_moments_sd(&m));
	num_moments_init(&m);
	num_moments_add(&m, 0.0, 1.0);
	num_moments_add(&m, 1.0, 0.01);
	CHECK_CLOSE(num_moments_var_samp(&m), 1.0 / 1.01, 1e-12);
	CHECK_CLOSE(num_moments_sd(&m), sqrt(1.0 / 1.01), 1e-12);

	/* y = 2 x + 1 over the same weights */
	num_comoments_init(&c);
	num_comoments_add(&c, 5.0, 5.0, 0.0);
	CHECK_EQ(c.n, 0.0);
	CHECK_EQ(c.sxy, 0.0);
	CHECK_EQ(c.sxx, 0.0);
	CHECK_NAN(num_comoments_slope(&c));
	CHECK_NAN(num_comoments_intercept(&c));
	CHECK_NAN(num_comoments_r(&c));
	num_comoments_add(&c, 2.0, 5.0, 0.002);
	num_comoments_add(&c, 4.0, 9.0, 0.006);
	CHECK_CLOSE(num_comoments_slope(&c), 2.0, 1e-13);
	CHECK_CLOSE(num_comoments_intercept(&c), 1.0, 1e-12);
	CHECK_CLOSE(num_comoments_r(&c), 1.0, 1e-13);
	CHECK_NAN(num_comoments_cov_samp(&c));
	num_comoments_init(&d);
	num_comoments_merge(&d, &c);
	num_comoments_merge(&d, &c);
	CHECK_CLOSE(d.n, 0.016, 1e-15);
	CHECK_CLOSE(num_comoments_slope(&d), 2.0, 1e-13);
	num_comoments_init(&c);
	num_comoments_add(&c, 0.0, 0.0, 0.5);
	num_comoments_add(&c, 1.0, 1.0, 0.5);
	CHECK_NAN(num_comoments_cov_samp(&c));
	num_comoments_init(&c);
	num_comoments_add(&c, 0.0, 0.0, 1.0);
	num_comoments_add(&c, 1.0, 1.0, 0.01);
	CHECK_CLOSE(num_comoments_cov_samp(&c), 1.0 / 1.01, 1e-12);
}

int
main(void)
{
	UNIT_BEGIN(15);
	RUN(sum);
	RUN(moments_known);
	RUN(moments_large_offset);
	RUN(moments_constant);
	RUN(merge_any_order);
	RUN(merge_edges);
	RUN(comoments_known);
	RUN(scalars);
	RUN(round_half_up);
	RUN(logistic);
	RUN(quantiles);
	RUN(select);
	RUN(select_adversary);
	RUN(comoments_constant);
	RUN(small_weights);
	UNIT_END();
}
