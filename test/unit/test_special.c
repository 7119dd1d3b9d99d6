/*
 * test_special.c
 *		Special functions against tabulated values, identities and limits.
 *
 * Each table test prints its largest relative error as a diagnostic.
 */
#include <float.h>
#include <string.h>

#include "num.h"
#include "special.h"
#include "unit.h"

typedef struct Value
{
	double		arg[3];
	double		value;
} Value;

#include "special_values.h"

/* What special.h promises. */
#define TOLERANCE	1e-12

#define COUNT(table)	((int) (sizeof(table) / sizeof((table)[0])))

/*
 * Compares one table; name and evaluation of the function come from the
 * caller's macro.  With scale_one the error is relative to max(1, |value|).
 */
static void
compare(const char *name, const Value *values, int count,
		double (*function) (const double *arg), double tolerance, int scale_one)
{
	double		worst = 0.0;
	int			worst_at = 0;
	int			i;

	CHECK(count >= 40);
	for (i = 0; i < count; i++)
	{
		const Value *v = &values[i];
		double		found = function(v->arg);
		double		error = unit_error(found, v->value);

		if (scale_one && fabs(v->value) < 1.0)
			error = fabs(found - v->value);
		if (!(error <= tolerance))
			printf("# %s(%.17g, %.17g, %.17g) = %.17g, expected %.17g, error %.2g\n",
				   name, v->arg[0], v->arg[1], v->arg[2], found, v->value, error);
		CHECK(error <= tolerance);
		if (!(error <= worst))
		{
			worst = error;
			worst_at = i;
		}
	}
	printf("# %s: largest relative error %.2g at (%.17g, %.17g, %.17g), %d points\n",
		   name, worst, values[worst_at].arg[0], values[worst_at].arg[1],
		   values[worst_at].arg[2], count);
}

/* A test that holds the function against the table of the same name. */
#define TABLE_TEST_SCALED(name, expression, tolerance, scale_one) \
static double \
call_##name(const double *a) \
{ \
	return expression; \
} \
TEST(name) \
{ \
	compare(#name, name##_values, COUNT(name##_values), call_##name, \
			tolerance, scale_one); \
}

#define TABLE_TEST(name, expression) \
	TABLE_TEST_SCALED(name, expression, TOLERANCE, 0)

/* These two find the last places, so that each coefficient of a series shows. */
TABLE_TEST_SCALED(lgamma, special_lgamma(a[0]), 2e-15, 0)
TABLE_TEST_SCALED(digamma, special_digamma(a[0]), 4e-15, 0)
TABLE_TEST_SCALED(lbeta, special_lbeta(a[0], a[1]), TOLERANCE, 1)
TABLE_TEST(betainc, special_betainc(a[0], a[1], a[2]))
TABLE_TEST(betainc_upper, special_betainc_upper(a[0], a[1], a[2]))
TABLE_TEST(betainc_inv, special_betainc_inv(a[0], a[1], a[2]))
TABLE_TEST(betainc_upper_inv, special_betainc_upper_inv(a[0], a[1], a[2]))
TABLE_TEST(gamma_p, special_gamma_p(a[0], a[1]))
TABLE_TEST(gamma_q, special_gamma_q(a[0], a[1]))
TABLE_TEST(gamma_p_inv, special_gamma_p_inv(a[0], a[1]))
TABLE_TEST(gamma_q_inv, special_gamma_q_inv(a[0], a[1]))
TABLE_TEST(normal_pdf, special_normal_pdf(a[0]))
TABLE_TEST(normal_cdf, special_normal_cdf(a[0]))
TABLE_TEST(normal_upper, special_normal_upper(a[0]))
TABLE_TEST(normal_quantile, special_normal_quantile(a[0]))
TABLE_TEST(t_two_sided, special_t_two_sided(a[0], a[1]))
TABLE_TEST(t_cdf, special_t_cdf(a[0], a[1]))
TABLE_TEST(t_quantile, special_t_quantile(a[0], a[1]))
TABLE_TEST(chisq_upper, special_chisq_upper(a[0], a[1]))
TABLE_TEST(f_upper, special_f_upper(a[0], a[1], a[2]))
TABLE_TEST(binomial_upper,
		   special_binomial_upper((int64_t) a[0], (int64_t) a[1], a[2]))
TABLE_TEST(binomial_lower,
		   special_binomial_lower((int64_t) a[0], (int64_t) a[1], a[2]))
TABLE_TEST_SCALED(beta_logpdf, special_beta_logpdf(a[0], a[1], a[2]),
				  TOLERANCE, 1)

/* Values in closed form, so that nothing rests on the tables alone. */
TEST(closed_forms)
{
	int			i;

	/* gamma(5) = 24, gamma(1/2) = sqrt(pi) */
	CHECK_CLOSE(special_lgamma(5), log(24.0), 1e-15);
	CHECK_CLOSE(special_lgamma(0.5), 0.5 * log(NUM_PI), 1e-15);
	CHECK_EQ(special_lgamma(1), 0.0);
	CHECK_EQ(special_lgamma(2), 0.0);
	/* B(2, 3) = 1! 2! / 4! = 1/12 */
	CHECK_CLOSE(special_lbeta(2, 3), -log(12.0), 1e-15);
	/* Euler's constant, and psi(2) = 1 - gamma */
	CHECK_CLOSE(special_digamma(1), -0.57721566490153286061, 1e-15);
	CHECK_CLOSE(special_digamma(2), 1 - 0.57721566490153286061, 1e-15);

	for (i = 0; i <= 20; i++)
	{
		double		x = i / 20.0;

		/* uniform; x^a; 1 - (1-x)^b */
		CHECK_CLOSE(special_betainc(1, 1, x), x, 1e-15);
		CHECK_CLOSE(special_betainc(3, 1, x), x * x * x, 1e-14);
		CHECK_CLOSE(special_betainc(1, 2, x), x * (2 - x), 1e-14);
		/* arc sine law */
		CHECK_CLOSE(special_betainc(0.5, 0.5, x),
					2 / NUM_PI * asin(sqrt(x)), 1e-14);
		/* exponential; 1 - (1 + x) exp(-x) */
		CHECK_CLOSE(special_gamma_q(1, x), exp(-x), 1e-15);
		CHECK_CLOSE(special_gamma_q(2, x), (1 + x) * exp(-x), 1e-14);
		/* Cauchy: 1/2 + atan(t)/pi; two degrees: 1/2 + t / (2 sqrt(2 + t^2)) */
		CHECK_CLOSE(special_t_cdf(x * 10, 1), 0.5 + atan(x * 10) / NUM_PI, 1e-14);
		CHECK_CLOSE(special_t_cdf(x * 10, 2),
					0.5 + x * 10 / (2 * sqrt(2 + x * x * 100)), 1e-14);
	}
	/* The symmetric binomial of 4: 1, 4, 6, 4, 1 of 16. */
	CHECK_CLOSE(special_binomial_upper(3, 4, 0.5), 5.0 / 16, 1e-14);
	CHECK_CLOSE(special_binomial_lower(1, 4, 0.5), 5.0 / 16, 1e-14);
	CHECK_CLOSE(special_binomial_lower(2, 4, 0.5), 11.0 / 16, 1e-14);
	/* no success in 5: (1 - p)^5 */
	CHECK_CLOSE(special_binomial_lower(0, 5, 0.5), 1.0 / 32, 1e-14);
	/* chi-square of 2 degrees is exponential with mean 2 */
	CHECK_CLOSE(special_chisq_upper(6, 2), exp(-3.0), 1e-14);
	/* F(2, d2): (1 + 2 f / d2)^(-d2/2) */
	CHECK_CLOSE(special_f_upper(3, 2, 4), 1 / (2.5 * 2.5), 1e-14);
	/* Beta(2, 3) has density 12 x (1-x)^2: 1.5 at 1/2 */
	CHECK_CLOSE(special_beta_logpdf(0.5, 2, 3), log(1.5), 1e-14);
	CHECK_EQ(special_beta_logpdf(0.25, 1, 1), 0.0);
	/* shapes and probabilities next to those that are dealt with apart: */
	/* I_x(1, b) = 1 - (1 - x)^b */
	CHECK_CLOSE(special_betainc(1, 1.1, 0.3), 1 - pow(0.7, 1.1), 1e-14);
	/* two degrees: t = (2 p - 1) / sqrt(2 p (1 - p)) */
	CHECK_CLOSE(special_t_quantile(0.505, 2), 0.01 / sqrt(2 * 0.505 * 0.495), 1e-13);
	CHECK_CLOSE(special_t_quantile(0.55, 2), 0.1 / sqrt(2 * 0.55 * 0.45), 1e-13);
}

TEST(limits)
{
	CHECK_EQ(special_betainc(2, 3, 0), 0.0);
	CHECK_EQ(special_betainc(2, 3, 1), 1.0);
	CHECK_EQ(special_betainc_upper(2, 3, 0), 1.0);
	CHECK_EQ(special_betainc_upper(2, 3, 1), 0.0);
	CHECK_EQ(special_betainc_inv(2, 3, 0), 0.0);
	CHECK_EQ(special_betainc_inv(2, 3, 1), 1.0);
	CHECK_EQ(special_betainc_upper_inv(2, 3, 0), 1.0);
	CHECK_EQ(special_betainc_upper_inv(2, 3, 1), 0.0);
	/* x^0.001 = 0.001 means x = 1e-3000, which is 0. */
	CHECK_EQ(special_betainc_inv(1e-3, 1, 1e-3), 0.0);
	CHECK_EQ(special_betainc_inv(1, 1e-3, 0.999), 1.0);
	/* also where all of it lies below 1/2 */
	CHECK_EQ(special_betainc_inv(0.4, 9000, 1), 1.0);
	CHECK_EQ(special_betainc_upper_inv(0.4, 9000, 0), 1.0);
	/* also where no first guess is infinite */
	CHECK_EQ(special_gamma_p_inv(0.5, 1), INFINITY);
	CHECK_EQ(special_gamma_q_inv(0.5, 0), INFINITY);
	/* x^0.01 = exp(-7.46): exp(-746) is 0; exp(-737) is the smallest number 1703 times */
	CHECK_EQ(special_betainc_inv(0.01, 1, exp(-7.46)), 0.0);
	CHECK_CLOSE(special_betainc_inv(0.01, 1, exp(-7.37)), exp(-737), 1e-3);
	CHECK_EQ(special_gamma_p_inv(0.01, exp(-7.46)), 0.0);
	CHECK_EQ(special_gamma_p(2, 0), 0.0);
	CHECK_EQ(special_gamma_q(2, 0), 1.0);
	CHECK_EQ(special_gamma_p(2, INFINITY), 1.0);
	CHECK_EQ(special_gamma_q(2, INFINITY), 0.0);
	CHECK_EQ(special_gamma_p_inv(2, 0), 0.0);
	CHECK_EQ(special_gamma_p_inv(2, 1), INFINITY);
	CHECK_EQ(special_gamma_q_inv(2, 0), INFINITY);
	CHECK_EQ(special_gamma_q_inv(2, 1), 0.0);
	CHECK_EQ(special_normal_cdf(-INFINITY), 0.0);
	CHECK_EQ(special_normal_cdf(INFINITY), 1.0);
	CHECK_EQ(special_normal_upper(INFINITY), 0.0);
	CHECK_EQ(special_normal_pdf(INFINITY), 0.0);
	CHECK_EQ(special_normal_quantile(0), -INFINITY);
	CHECK_EQ(special_normal_quantile(1), INFINITY);
	CHECK_EQ(special_normal_quantile(0.5), 0.0);
	CHECK_EQ(special_t_cdf(0, 5), 0.5);
	CHECK_EQ(special_t_cdf(INFINITY, 5), 1.0);
	CHECK_EQ(special_t_cdf(-INFINITY, 5), 0.0);
	CHECK_EQ(special_t_two_sided(0, 5), 1.0);
	CHECK_EQ(special_t_two_sided(1e200, 5), 0.0);
	CHECK_EQ(special_t_quantile(0, 5), -INFINITY);
	CHECK_EQ(special_t_quantile(1, 5), INFINITY);
	CHECK_EQ(special_t_quantile(0.5, 5), 0.0);
	CHECK_EQ(special_t_cdf(1.5, INFINITY), special_normal_cdf(1.5));
	CHECK_EQ(special_t_quantile(0.9, INFINITY), special_normal_quantile(0.9));
	CHECK_EQ(special_chisq_upper(-1, 3), 1.0);
	CHECK_EQ(special_chisq_upper(INFINITY, 3), 0.0);
	CHECK_EQ(special_f_upper(0, 3, 4), 1.0);
	CHECK_EQ(special_f_upper(INFINITY, 3, 4), 0.0);
	CHECK_EQ(special_binomial_upper(0, 0, 0.5), 1.0);
	CHECK_EQ(special_binomial_upper(1, 0, 0.5), 0.0);
	CHECK_EQ(special_binomial_upper(-3, 5, 0.5), 1.0);
	CHECK_EQ(special_binomial_upper(5, 5, 0), 0.0);
	CHECK_EQ(special_binomial_upper(5, 5, 1), 1.0);
	CHECK_EQ(special_binomial_lower(-1, 5, 0.5), 0.0);
	CHECK_EQ(special_binomial_lower(0, 0, 0.5), 1.0);
	CHECK_EQ(special_binomial_lower(5, 5, 0.5), 1.0);
	CHECK_EQ(special_binomial_lower(4, 5, 1), 0.0);
	CHECK_EQ(special_beta_logpdf(0, 2, 3), -INFINITY);
	CHECK_EQ(special_beta_logpdf(0, 0.5, 3), INFINITY);
	CHECK_EQ(special_beta_logpdf(0, 1, 3), log(3.0));
	CHECK_EQ(special_beta_logpdf(1, 3, 1), log(3.0));
	CHECK_EQ(special_beta_logpdf(1, 3, 0.5), INFINITY);
	CHECK_EQ(special_beta_logpdf(-0.1, 2, 3), -INFINITY);
	CHECK_EQ(special_beta_logpdf(1.1, 2, 3), -INFINITY);
	CHECK_EQ(special_beta_logpdf(1.01, 2, 3), -INFINITY);
	/* a shape a little above 1 is no longer the case of 1 */
	CHECK_EQ(special_beta_logpdf(0, 1.01, 3), -INFINITY);
	CHECK_EQ(special_beta_logpdf(1, 3, 1.01), -INFINITY);
	CHECK_EQ(special_lgamma(INFINITY), INFINITY);
	CHECK_EQ(special_lgamma(DBL_MAX), INFINITY);
	CHECK_EQ(special_t_cdf(1.5, DBL_MAX), special_normal_cdf(1.5));
	CHECK_EQ(special_digamma(INFINITY), INFINITY);
	CHECK_EQ(special_lbeta(2, INFINITY), -INFINITY);
}

TEST(invalid_arguments)
{
	CHECK_NAN(special_lgamma(0));
	CHECK_NAN(special_lgamma(-1.5));
	CHECK_NAN(special_lgamma(NAN));
	CHECK_NAN(special_digamma(0));
	CHECK_NAN(special_digamma(NAN));
	CHECK_NAN(special_lbeta(0, 1));
	CHECK_NAN(special_lbeta(1, 0));
	CHECK_NAN(special_lbeta(1, NAN));
	CHECK_NAN(special_betainc(0, 1, 0.5));
	CHECK_NAN(special_betainc(1, -1, 0.5));
	CHECK_NAN(special_betainc(1, DBL_MAX, 0.5));
	CHECK_NAN(special_betainc(1, 1.01e300, 0.5));
	CHECK_NAN(special_betainc(INFINITY, 1, 0.5));
	CHECK_NAN(special_betainc(1, 1, -0.1));
	CHECK_NAN(special_betainc(1, 1, 1.1));
	CHECK_NAN(special_betainc(1, 1, 1.01));
	CHECK_NAN(special_betainc(1, 1, NAN));
	CHECK_NAN(special_betainc_upper(NAN, 1, 0.5));
	CHECK_NAN(special_betainc_upper(1, 1, 2));
	CHECK_NAN(special_betainc_inv(1, 1, 1.1));
	CHECK_NAN(special_betainc_inv(0, 1, 0.5));
	CHECK_NAN(special_betainc_upper_inv(1, 1, -1));
	CHECK_NAN(special_gamma_p(0, 1));
	CHECK_NAN(special_gamma_p(1, -1));
	CHECK_NAN(special_gamma_q(INFINITY, 1));
	CHECK_NAN(special_gamma_q(1, NAN));
	CHECK_NAN(special_gamma_p_inv(1, 2));
	CHECK_NAN(special_gamma_q_inv(-1, 0.5));
	CHECK_NAN(special_normal_pdf(NAN));
	CHECK_NAN(special_normal_cdf(NAN));
	CHECK_NAN(special_normal_upper(NAN));
	CHECK_NAN(special_normal_quantile(-0.1));
	CHECK_NAN(special_normal_quantile(NAN));
	CHECK_NAN(special_t_cdf(NAN, 1));
	CHECK_NAN(special_t_cdf(1, 0));
	CHECK_NAN(special_t_two_sided(1, NAN));
	CHECK_NAN(special_t_quantile(0.5, 0));
	CHECK_NAN(special_t_quantile(1.5, 2));
	CHECK_NAN(special_chisq_upper(1, 0));
	CHECK_NAN(special_chisq_upper(NAN, 1));
	CHECK_NAN(special_f_upper(1, 0, 1));
	CHECK_NAN(special_f_upper(1, 1, INFINITY));
	CHECK_NAN(special_binomial_upper(1, -1, 0.5));
	CHECK_NAN(special_binomial_lower(1, 2, 1.5));
	CHECK_NAN(special_binomial_lower(1, 2, NAN));
	CHECK_NAN(special_beta_logpdf(NAN, 1, 1));
	CHECK_NAN(special_beta_logpdf(0.5, 0, 1));
}

/*
 * Shape parameters so small that the upper tail is lost in 1 - lower.
 *	I_x(a, 2) = x^a (1 + a (1 - x)), from B(a, 2) = 1 / (a (a + 1))
 *	Q(a, 1) = a E1(1) + O(a^2), the exponential integral E1(1) = 0.2193839...
 */
TEST(tiny_shapes)
{
	double		a = 9e-5;

	CHECK_CLOSE(special_betainc_upper(a, 2, 0.1),
				-(expm1(a * log(0.1)) + pow(0.1, a) * a * 0.9), 1e-12);
	a = 1e-10;
	CHECK_CLOSE(special_betainc_upper(a, 2, 0.1),
				-(expm1(a * log(0.1)) + pow(0.1, a) * a * 0.9), 1e-12);
	CHECK_CLOSE(special_gamma_q(a, 1), a * 0.21938393439552027368, 1e-9);
}

/*
 * Where normal approximations take over.  Expected: mpmath 1.2.1, quadrature of
 * the density with 40 digits from the point to 30 standard deviations beyond.
 */
TEST(huge_shapes)
{
	double		a = 0x1p36;
	double		sd = 0x1p18;

	CHECK_CLOSE(special_gamma_q(a, a - 3 * sd), 0.99865014705110858, 1e-12);
	CHECK_CLOSE(special_gamma_q(a, a), 0.49999949271865794, 1e-12);
	CHECK_CLOSE(special_gamma_q(a, a + 5 * sd), 2.8669694589693303e-7, 1e-12);
	CHECK_CLOSE(special_gamma_p(a, a), 1 - 0.49999949271865794, 1e-12);

	a = 0x1p51;
	CHECK_CLOSE(special_betainc(a, a, 0.5 - 0x1p-26), 0.022750131948179189, 1e-7);
	CHECK_CLOSE(special_betainc(a, a, 0.5 + 0x1p-27), 0.84134474606854295, 1e-7);
	CHECK_CLOSE(special_betainc(a, 3 * a, 0.25 - 0x1p-26),
				0.00054541751255294048, 1e-7);
	CHECK_CLOSE(special_betainc(a, 3 * a, 0.25 + 0x1p-27),
				0.9487647818593166, 1e-7);

	/* the median of a symmetric distribution, where a search would stall */
	for (a = 1.5; a < 1e300; a *= 1e9)
		CHECK_CLOSE(special_betainc_inv(a, a, 0.5), 0.5, 1e-15);
}

/*
 * Where x lies above the mean seen from both ends, by rounding: each side must
 * not leave it to the other.  With so many degrees of freedom t^2 = 3 is such a
 * place, and t is normal to 1e-8.
 */
TEST(between_the_tails)
{
	static const double df[] = {1946157055, 3e9, 1e10, 1e12, 1e14};
	size_t		i;
	int			k;

	for (i = 0; i < sizeof(df) / sizeof(df[0]); i++)
		for (k = -1000; k <= 1000; k++)
		{
			double		t = sqrt(3.0) * (1.0 + 1e-10 * k);

			CHECK_CLOSE(special_t_cdf(t, df[i]), 0.5 * erfc(-t / sqrt(2.0)), 1e-8);
		}
}

/*
 * So many degrees of freedom that one of the arguments of the beta distribution
 * rounds to 1, and its mean too: t is normal, and F(1, df) is t^2.
 */
TEST(one_shape_huge)
{
	static const double t[] = {1e-9, 1e-3, 0.049, 0.7, 3};
	double		df;
	int			i;

	for (df = 1e13; df < 1e280; df *= 1e13)
		for (i = 0; i < COUNT(t); i++)
		{
			double		both = erfc(t[i] / sqrt(2.0));

			CHECK_CLOSE(special_t_two_sided(t[i], df), both, 1e-11);
			CHECK_CLOSE(1.0 - 2 * special_t_cdf(-t[i], df), 1.0 - both, 1e-11);
			CHECK_CLOSE(special_f_upper(t[i] * t[i], 1, df), both, 1e-11);
			/* F with df1 = 2 and so many more: exponential */
			CHECK_CLOSE(special_f_upper(t[i], 2, df), exp(-t[i]), 1e-11);
			CHECK_CLOSE(special_f_upper(1 / t[i], df, 2), -expm1(-t[i]), 1e-11);
		}
}

/*
 * Large shapes far below the mode, where the distance from the mode must be
 * known to more than double precision.  Expected: the generator's betainc().
 */
TEST(deep_tails)
{
	CHECK_CLOSE(special_betainc(514226.6954849977, 692084.2705841736, 0.41284904918844223),
				6.0552637271453873e-197, TOLERANCE);
	CHECK_CLOSE(special_betainc(526725.999732443, 359716.695084902, 0.581601933705204),
				1.8378107747115114e-128, TOLERANCE);
}

/*
 * Every combination of arguments from the tiniest to the largest, far beyond
 * the stated ranges: in range, never NaN, tails adding up, inverses in range.
 */
TEST(extremes)
{
	static const double shape[] = {
		DBL_MIN, 1e-100, 1e-10, 1e-3, 0.7, 1, 2, 1e3, 1e6, 1e10, 1e15, 1e100, 1e300
	};
	static const double unit[] = {
		0, 4.9406564584124654e-324, 1e-300, 1e-17, 1e-3, 0.3, 0.5, 0.9,
		1 - 1e-12, 1 - 0.5 * DBL_EPSILON, 1
	};
	int			i;
	int			j;
	int			k;

	for (i = 0; i < COUNT(shape); i++)
	{
		double		a = shape[i];

		CHECK(!isnan(special_lgamma(a)));
		CHECK(!isnan(special_digamma(a)));
		for (k = 0; k < COUNT(unit); k++)
		{
			double		u = unit[k];
			double		x = (u == 1) ? a : a * u * 2;
			double		p = special_gamma_p(a, x);
			double		q = special_gamma_q(a, x);

			CHECK(p >= 0 && p <= 1 && q >= 0 && q <= 1);
			CHECK_CLOSE(p + q, 1.0, 1e-9);
			CHECK(special_gamma_p_inv(a, u) >= 0);
			CHECK(special_gamma_q_inv(a, u) >= 0);
			p = special_t_cdf(u * 10, a);
			CHECK(p >= 0.5 && p <= 1);
			CHECK(!isnan(special_t_quantile(u, a)));
			CHECK((special_t_quantile(u, a) < 0) == (u < 0.5));
			CHECK(special_chisq_upper(x, a) >= 0);

			for (j = 0; j < COUNT(shape); j++)
			{
				double		b = shape[j];

				p = special_betainc(a, b, u);
				q = special_betainc_upper(a, b, u);
				CHECK(p >= 0 && p <= 1 && q >= 0 && q <= 1);
				CHECK_CLOSE(p + q, 1.0, 1e-9);
				p = special_betainc_inv(a, b, u);
				CHECK(p >= 0 && p <= 1);
				p = special_betainc_upper_inv(a, b, u);
				CHECK(p >= 0 && p <= 1);
				p = special_f_upper(u, a, b);
				CHECK(p >= 0 && p <= 1);
				CHECK(!isnan(special_lbeta(a, b)));
				CHECK(!isnan(special_beta_logpdf(u, a, b)));
			}
		}
	}
}

/* Non-decreasing in x across the places where the method changes. */
TEST(monotone)
{
	static const double shape[] = {1e-3, 0.5, 1, 1.0000001, 3, 50, 2e3};
	int			i;
	int			j;
	int			k;

	for (i = 0; i < COUNT(shape); i++)
	{
		double		a = shape[i];
		double		last = 0;

		for (k = 0; k <= 400; k++)
		{
			double		p = special_gamma_p(a, a * k / 100 + k / 100.0);

			CHECK(p >= last - 4 * DBL_EPSILON);
			last = p;
		}
		for (j = 0; j < COUNT(shape); j++)
		{
			last = 0;
			for (k = 0; k <= 400; k++)
			{
				double		p = special_betainc(a, shape[j], k / 400.0);

				CHECK(p >= last * (1 - 1e-13));
				last = p;
			}
		}
	}
}

/* The integral of x^degree over [-1, 1] is 2 / (degree + 1), or 0 when odd. */
TEST(gauss_legendre)
{
	static const int sizes[] = {8, 16, 32};
	int			k;

	for (k = 0; k < 3; k++)
	{
		const SpecialQuadrature *q = special_gauss_legendre(sizes[k]);
		int			degree;
		int			i;

		CHECK(q != NULL && q->n == sizes[k]);
		for (degree = 0; degree <= 2 * q->n; degree++)
		{
			NumSum		sum;
			double		exact = degree % 2 ? 0.0 : 2.0 / (degree + 1);

			num_sum_init(&sum);
			for (i = 0; i < q->n; i++)
				num_sum_add(&sum, q->weights[i] * pow(q->nodes[i], degree));
			if (degree < 2 * q->n)
				CHECK_CLOSE(num_sum_value(&sum), exact, 1e-14);
			else if (q->n == 8)
				/* The first degree it must miss: the test can tell. */
				CHECK(fabs(num_sum_value(&sum) - exact) > 1e-6);
		}
		for (i = 0; i < q->n; i++)
		{
			CHECK(i == 0 || q->nodes[i] > q->nodes[i - 1]);
			CHECK_EQ(q->nodes[i], -q->nodes[q->n - 1 - i]);
			CHECK_EQ(q->weights[i], q->weights[q->n - 1 - i]);
		}
	}
	CHECK(special_gauss_legendre(7) == NULL);
}

/* E Z^degree is 1 * 3 * 5 ... (degree - 1), or 0 when odd. */
TEST(gauss_hermite)
{
	static const int sizes[] = {16, 32};
	int			k;

	for (k = 0; k < 2; k++)
	{
		const SpecialQuadrature *q = special_gauss_hermite(sizes[k]);
		double		even = 1.0;
		int			degree;
		int			i;

		CHECK(q != NULL && q->n == sizes[k]);
		for (degree = 0; degree < 2 * q->n; degree++)
		{
			NumSum		sum;

			if (degree % 2 == 0 && degree > 0)
				even *= degree - 1;
			num_sum_init(&sum);
			for (i = 0; i < q->n; i++)
				num_sum_add(&sum, q->weights[i] * pow(q->nodes[i], degree));
			if (degree % 2)
				CHECK(fabs(num_sum_value(&sum)) <= 1e-13 * even * q->n);
			else
				CHECK_CLOSE(num_sum_value(&sum), even, 1e-13);
		}
		for (i = 0; i < q->n; i++)
		{
			CHECK(i == 0 || q->nodes[i] > q->nodes[i - 1]);
			CHECK_EQ(q->nodes[i], -q->nodes[q->n - 1 - i]);
			CHECK_EQ(q->weights[i], q->weights[q->n - 1 - i]);
		}
	}
	CHECK(special_gauss_hermite(8) == NULL);
}

/*
 * Benjamini and Hochberg (1995), section 3.2: the 15 p-values of their example;
 * at a rate of 0.05 they reject the four smallest.  The adjusted values by hand:
 * from the largest down, the running minimum of p * 15 / rank.
 */
TEST(bh_published_example)
{
	static const double given[15] = {
		0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344,
		0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0000
	};
	static const double expected[15] = {
		0.0015, 0.003, 0.0095, 0.035625, 0.0603,
		/* 0.0278 * 15/6 = 0.0695 gives way to 0.0298 * 15/7 = 0.063857... */
		0.0298 * 15 / 7, 0.0298 * 15 / 7,
		0.0645, 0.0765, 0.486, 0.4262 * 15 / 11, 0.714875, 0.6528 * 15 / 13,
		0.759 * 15 / 14, 1.0
	};
	double		p[15];
	size_t		order[15];
	int			rejected = 0;
	int			i;

	/* Given in another order: each result must land at its own place. */
	for (i = 0; i < 15; i++)
		p[(i * 7) % 15] = given[i];
	CHECK(special_bh_adjust(p, 15, order));
	for (i = 0; i < 15; i++)
	{
		CHECK_CLOSE(p[(i * 7) % 15], expected[i], 1e-14);
		CHECK(order[i] == (size_t) ((i * 7) % 15));
		rejected += p[i] <= 0.05;
	}
	CHECK(rejected == 4);
}

TEST(bh_edges)
{
	double		ties[4] = {0.04, 0.01, 0.04, 0.01};
	double		bad[3] = {0.2, NAN, 0.1};
	double		outside[2] = {0.5, 1.5};
	double		one[1] = {0.3};
	size_t		order[4];

	/* ranks 1, 2: 0.01 * 4/2 = 0.02; ranks 3, 4: 0.04 * 4/4 */
	CHECK(special_bh_adjust(ties, 4, order));
	CHECK_EQ(ties[0], 0.04);
	CHECK_EQ(ties[2], 0.04);
	CHECK_CLOSE(ties[1], 0.02, 1e-15);
	CHECK_EQ(ties[3], ties[1]);
	/* equal values in order of index */
	CHECK(order[0] == 1 && order[1] == 3 && order[2] == 0 && order[3] == 2);

	CHECK(!special_bh_adjust(bad, 3, order));
	CHECK_EQ(bad[0], 0.2);
	CHECK_EQ(bad[2], 0.1);
	CHECK(!special_bh_adjust(outside, 2, order));
	CHECK_EQ(outside[0], 0.5);
	CHECK(special_bh_adjust(one, 1, order));
	CHECK_EQ(one[0], 0.3);
	CHECK(special_bh_adjust(NULL, 0, NULL));
}

TEST(order)
{
	enum { N = 1000 };
	static double values[N];
	static size_t order[N];
	static char seen[N];
	unsigned	state = 7;
	int			i;

	for (i = 0; i < N; i++)
	{
		state = state * 1664525u + 1013904223u;
		/* Few distinct values: many ties. */
		values[i] = state >> 27;
	}
	special_order(values, N, order);
	for (i = 0; i < N; i++)
	{
		CHECK(order[i] < N && !seen[order[i]]);
		seen[order[i]] = 1;
		if (i > 0)
			CHECK(values[order[i - 1]] < values[order[i]] ||
				  (values[order[i - 1]] == values[order[i]] &&
				   order[i - 1] < order[i]));
	}
}

int
main(void)
{
	UNIT_BEGIN(38);
	RUN(lgamma);
	RUN(digamma);
	RUN(lbeta);
	RUN(betainc);
	RUN(betainc_upper);
	RUN(betainc_inv);
	RUN(betainc_upper_inv);
	RUN(gamma_p);
	RUN(gamma_q);
	RUN(gamma_p_inv);
	RUN(gamma_q_inv);
	RUN(normal_pdf);
	RUN(normal_cdf);
	RUN(normal_upper);
	RUN(normal_quantile);
	RUN(t_two_sided);
	RUN(t_cdf);
	RUN(t_quantile);
	RUN(chisq_upper);
	RUN(f_upper);
	RUN(binomial_upper);
	RUN(binomial_lower);
	RUN(beta_logpdf);
	RUN(closed_forms);
	RUN(limits);
	RUN(invalid_arguments);
	RUN(tiny_shapes);
	RUN(huge_shapes);
	RUN(between_the_tails);
	RUN(one_shape_huge);
	RUN(deep_tails);
	RUN(extremes);
	RUN(monotone);
	RUN(gauss_legendre);
	RUN(gauss_hermite);
	RUN(bh_published_example);
	RUN(bh_edges);
	RUN(order);
	UNIT_END();
}
