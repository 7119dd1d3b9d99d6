/*
 * test_bandit_math.c
 *		Posteriors, indexes, exploration and propensities of the bandit family
 *		against values derived by hand or in closed form.
 */
#include <stdlib.h>
#include <string.h>

#include "bandit_math.h"
#include "unit.h"

static NumMoments
moments(double n, double sx, double sxx)
{
	NumMoments	m = {n, sx, sxx};

	return m;
}

TEST(beta_posterior)
{
	NumMoments	m = moments(4, 3.5, 0.75);
	BanditBeta	p = bandit_beta(&m, 2.0, 5.0);

	/* 2 + 3.5 successes, 5 + 0.5 failures */
	CHECK_EQ(p.alpha, 5.5);
	CHECK_EQ(p.beta, 5.5);
	/* a sum a hair above the number of ones is not a negative failure */
	m = moments(3, 3.0000000000000004, 0);
	p = bandit_beta(&m, 2.0, 5.0);
	CHECK_EQ(p.beta, 5.0);

	/* Beta(5, 6): mean 5/11, variance 5 * 6 / (11^2 * 12) */
	p.alpha = 5.0;
	p.beta = 6.0;
	CHECK_CLOSE(bandit_beta_mean(p), 5.0 / 11.0, 1e-15);
	CHECK_CLOSE(bandit_beta_variance(p), 30.0 / 1452.0, 1e-15);
}

TEST(student_prior)
{
	NumMoments	arms[2];
	BanditStudentPrior prior;

	/* rewards 1, 3 and 8: mean 4, squared deviations 9 + 1 + 16 = 26 */
	arms[0] = moments(2, 4, 2);
	arms[1] = moments(1, 8, 0);
	prior = bandit_student_prior(arms, 2);
	CHECK_CLOSE(prior.location, 4.0, 1e-15);
	CHECK_CLOSE(prior.variance, 26.0 / 3.0, 1e-15);

	/* nothing known: 0 and 1 */
	arms[0] = moments(0, 0, 0);
	prior = bandit_student_prior(arms, 1);
	CHECK_EQ(prior.location, 0.0);
	CHECK_EQ(prior.variance, 1.0);

	/* a mean from any weight, a variance from a weight above 1 that varies */
	arms[0] = moments(0.5, 0.25, 0);
	prior = bandit_student_prior(arms, 1);
	CHECK_EQ(prior.location, 0.5);
	CHECK_EQ(prior.variance, 1.0);
	arms[0] = moments(1, 1, 0.5);
	CHECK_EQ(bandit_student_prior(arms, 1).variance, 1.0);
	arms[0] = moments(1.5, 1, 0.75);
	CHECK_EQ(bandit_student_prior(arms, 1).variance, 0.5);
	arms[0] = moments(3, 6, 0);
	CHECK_EQ(bandit_student_prior(arms, 1).variance, 1.0);
}

TEST(student_posterior)
{
	BanditStudentPrior prior = {2.0, 3.0};
	NumMoments	m = moments(4, 12, 10);
	BanditStudent p = bandit_student(&m, prior);

	/* strength 1 + 4, location (2 + 12) / 5, shape 1 + 4/2,
	 * rate 3 + 10/2 + 4 * 1^2 / (2 * 5) with the mean 3 one above the prior */
	CHECK_EQ(p.strength, 5.0);
	CHECK_CLOSE(p.location, 2.8, 1e-15);
	CHECK_EQ(p.shape, 3.0);
	CHECK_CLOSE(p.rate, 8.4, 1e-15);
	CHECK_EQ(p.df, 6.0);
	CHECK_CLOSE(p.scale, sqrt(8.4 / 15.0), 1e-15);

	/* without rewards the prior itself */
	m = moments(0, 0, 0);
	p = bandit_student(&m, prior);
	CHECK_EQ(p.strength, 1.0);
	CHECK_EQ(p.location, 2.0);
	CHECK_EQ(p.rate, 3.0);
	CHECK_EQ(p.df, 2.0);
	CHECK_CLOSE(p.scale, sqrt(3.0), 1e-15);

	/* half a reward of 4: rate 3 + 0.5 * 0.5 * 2^2 / 1.5 */
	m = moments(0.5, 2, 0);
	CHECK_CLOSE(bandit_student(&m, prior).rate, 3.0 + 1.0 / 1.5, 1e-15);
}

TEST(upper_bounds)
{
	NumMoments	m = moments(4, 2, 1);
	double		l;
	double		root;

	/* mean + sqrt(2 ln total / n) */
	CHECK_CLOSE(bandit_ucb1(&m, 5.0), 0.5 + sqrt(2.0 * log(5.0) / 4.0), 1e-15);
	/* ln 1.01 counts, ln of less than one pull does not */
	CHECK_CLOSE(bandit_ucb1(&m, 1.01), 0.5 + sqrt(log(1.01) / 2.0), 1e-14);
	m = moments(0.5, 0.25, 0);
	CHECK_EQ(bandit_ucb1(&m, 0.5), 0.5);

	/* mean + sqrt(ln total / n min(1/4, variance + sqrt(2 ln total / n))) */
	l = log(1000.0);
	root = sqrt(2.0 * l / 1000.0);
	m = moments(1000, 500, 100);	/* 0.1 + 0.1175 < 1/4 */
	CHECK_CLOSE(bandit_ucb_tuned(&m, 1000.0), 0.5 + sqrt(l / 1000.0 * (0.1 + root)), 1e-14);
	m.sxx = 1000.0 * (0.253 - root);	/* 0.253 > 1/4 */
	CHECK_CLOSE(bandit_ucb_tuned(&m, 1000.0), 0.5 + sqrt(l / 1000.0 * 0.25), 1e-14);
}

TEST(kl_bound)
{
	/* n KL(1/2, 0.8) = n/2 ln(0.25 / 0.16) = n/2 ln 1.5625 */
	NumMoments	m = moments(10, 5, 2.5);
	double		kl;

	CHECK_CLOSE(bandit_kl_ucb(&m, pow(1.5625, 5.0)), 0.8, 1e-13);
	/* KL(0, q) = -ln(1 - q): ln 8 / 3 = ln 2 gives 1/2 */
	m = moments(3, 0, 0);
	CHECK_CLOSE(bandit_kl_ucb(&m, 8.0), 0.5, 1e-13);
	/* a mean near 0 keeps its first term */
	kl = 0.005 * log(0.005 / 0.05) + 0.995 * log(0.995 / 0.95);
	m = moments(200, 1, 0.995);
	CHECK_CLOSE(bandit_kl_ucb(&m, exp(200.0 * kl)), 0.05, 1e-12);
	/* nothing lies above 1, and rounding does not either */
	m = moments(2, 2, 0);
	CHECK_EQ(bandit_kl_ucb(&m, 50.0), 1.0);
	m = moments(2, 2.00000001, 0);
	CHECK_EQ(bandit_kl_ucb(&m, 50.0), 1.0);
	CHECK_EQ(bandit_kl_ucb(&m, 1.0), 1.0);
	m = moments(3, -1e-9, 0);
	CHECK_CLOSE(bandit_kl_ucb(&m, 8.0), 0.5, 1e-13);
}

TEST(exploration)
{
	/* without a schedule epsilon itself */
	CHECK_EQ(bandit_epsilon(0.3, -1.0, 0.0, 3, 10.0), 0.3);
	/* decay * arms / pulls where that is less */
	CHECK_EQ(bandit_epsilon(0.3, 0.5, 0.0, 3, 10.0), 0.15);
	CHECK_EQ(bandit_epsilon(0.3, 5.0, 0.0, 3, 10.0), 0.3);
	CHECK_EQ(bandit_epsilon(0.3, 0.0, 0.0, 3, 10.0), 0.0);
	CHECK_CLOSE(bandit_epsilon(0.3, 0.005, 0.0, 3, 1.0), 0.015, 1e-15);
	CHECK_CLOSE(bandit_epsilon(0.3, 0.001, 0.0, 1, 0.005), 0.2, 1e-15);
	CHECK_EQ(bandit_epsilon(0.3, 5.0, 0.0, 3, 0.0), 0.3);
	/* never below the floor */
	CHECK_EQ(bandit_epsilon(0.3, 0.5, 0.2, 3, 10.0), 0.2);
}

/* P(X > Y) of two posteriors; the second probability is the complement. */
static double
beta_pair(double a, double b, double other_a, double other_b)
{
	BanditBeta	arms[2] = {{a, b}, {other_a, other_b}};
	double		p[2];
	double	   *work = malloc(sizeof(double) * bandit_work_doubles(2));

	bandit_beta_best(arms, 2, p, work);
	free(work);
	CHECK_CLOSE(p[0] + p[1], 1.0, 1e-14);
	return p[0];
}

static double
student_pair(double df, double location, double scale, double other_df)
{
	BanditStudent arms[2];
	double		p[2];
	double	   *work = malloc(sizeof(double) * bandit_work_doubles(2));

	memset(arms, 0, sizeof(arms));
	arms[0].df = df;
	arms[0].location = location;
	arms[0].scale = scale;
	arms[1].df = other_df;
	arms[1].scale = 1.0;
	bandit_student_best(arms, 2, p, work);
	free(work);
	CHECK_CLOSE(p[0] + p[1], 1.0, 1e-14);
	return p[0];
}

static double
lbeta(double a, double b)
{
	return lgamma(a) + lgamma(b) - lgamma(a + b);
}

TEST(best_beta)
{
	static const double shapes[][2] = {
		{0.5, 0.5}, {0.5, 4}, {1.5, 0.5}, {1, 1}, {3, 2}, {20.25, 7}, {300.5, 700.25},
				{1e5, 2e5}, {1e6, 0.5}, {0.5, 1e6}
	};
	static const double whole[][4] = {
		{3, 1, 1, 2}, {60, 40, 50, 50}, {7, 3, 6, 5}, {250, 750, 260, 740}, {2, 9, 4, 1}
	};
	size_t		i;

	/* P(X > uniform) = E X */
	for (i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++)
	{
		double		a = shapes[i][0];
		double		b = shapes[i][1];

		CHECK(fabs(beta_pair(a, b, 1.0, 1.0) - a / (a + b)) < 1e-9);
	}
	/* For whole a: the sum over i < a of B(a' + i, b' + b) / ((b + i) B(1 + i, b) B(a', b')) */
	for (i = 0; i < sizeof(whole) / sizeof(whole[0]); i++)
	{
		double		a = whole[i][0];
		double		b = whole[i][1];
		double		c = whole[i][2];
		double		d = whole[i][3];
		double		sum = 0.0;
		int			k;

		for (k = 0; k < a; k++)
			sum += exp(lbeta(c + k, d + b) - lbeta(1.0 + k, b) - lbeta(c, d)) / (b + k);
		CHECK(fabs(beta_pair(a, b, c, d) - sum) < 1e-9);
	}
}

/*
 * Evidence in the billions.  Near an end of the scale Beta(a, n) is a gamma of
 * shape a over n, so P(Beta(20, n) > Beta(10, n)) = P(Beta(20, 10) > 1/2), which
 * is that at most 19 of 29 fair coins fall heads; mirrored near the other end.
 */
TEST(best_of_much_evidence)
{
	static const double n[] = {1e9, 1e12, 1e15};
	double		coins = 1.0;
	double		c = 1.0;
	double		many[3] = {0};
	double	   *work = malloc(sizeof(double) * bandit_work_doubles(3));
	BanditBeta	arms[3] = {{3e33, 1e33}, {300, 700}, {4.5e33, 1.5e33}};
	size_t		i;
	int			k;

	for (k = 0; k <= 9; k++)
	{
		coins -= ldexp(c, -29);
		c *= (29.0 - k) / (k + 1.0);
	}
	for (i = 0; i < sizeof(n) / sizeof(n[0]); i++)
	{
		CHECK(fabs(beta_pair(20, n[i], 10, n[i]) - coins) < 1e-7);
		CHECK(fabs(beta_pair(n[i], 10, n[i], 20) - coins) < 1e-7);
	}

	/*
	 * Narrower than doubles are dense: points at 3/4, both above the other, share;
	 * the same for locations.
	 */
	bandit_beta_best(arms, 3, many, work);
	free(work);
	CHECK_EQ(many[0], 0.5);
	CHECK_EQ(many[1], 0.0);
	CHECK_EQ(many[2], 0.5);
	/* between 1/2 and the mean of Beta(1, 1) counted another way */
	CHECK_EQ(beta_pair(5.1e33, 4.9e33, 1, 1), 1.0);
	CHECK_EQ(beta_pair(4.9e33, 5.1e33, 1, 1), 0.0);
	CHECK_EQ(student_pair(1000, 50.0, 1e-200, 1000), 1.0);
	CHECK_EQ(student_pair(1000, -50.0, 1e-200, 1000), 0.0);
}

/* Student t with 2 and with 4 degrees of freedom, density and distribution function. */
static double
density(double x, double df)
{
	return df == 2.0 ? pow(2.0 + x * x, -1.5) : 0.375 * pow(1.0 + x * x / 4.0, -2.5);
}

static double
distribution(double x, double df)
{
	double		s = x / sqrt(1.0 + x * x / df);

	return df == 2.0 ? 0.5 + s / sqrt(8.0) : 0.5 + 0.375 * s * (1.0 - s * s / 12.0);
}

TEST(best_student)
{
	static const double cases[][4] = {
		{2, 0, 1, 4}, {2, 1, 1, 2}, {4, 0.7, 2, 2}, {4, -3, 0.1, 4}, {2, 0.5, 20, 4}, {4, 40, 1, 2}
	};
	size_t		i;

	/*
	 * The integral of f(x) F(location + scale x) by the trapezoid rule in u,
	 * x = sinh u: for a function this smooth it converges faster than any power.
	 */
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
	{
		const double *c = cases[i];
		double		sum = 0.0;
		int			k;

		for (k = -6000; k <= 6000; k++)
		{
			double		u = k / 400.0;
			double		x = sinh(u);

			sum += density(x, c[0]) * distribution(c[1] + c[2] * x, c[3]) * cosh(u) / 400.0;
		}
		CHECK(fabs(student_pair(c[0], c[1], c[2], c[3]) - sum) < 1e-9);
	}
}

int
main(void)
{
	UNIT_BEGIN(9);
	RUN(beta_posterior);
	RUN(student_prior);
	RUN(student_posterior);
	RUN(upper_bounds);
	RUN(kl_bound);
	RUN(exploration);
	RUN(best_beta);
	RUN(best_of_much_evidence);
	RUN(best_student);
	UNIT_END();
}
