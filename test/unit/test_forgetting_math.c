/*
 * test_forgetting_math.c
 *		The forgetting curve, its fit and FSRS-6 against values by hand.
 */
#include <math.h>
#include <stddef.h>
#include <string.h>

#include "forgetting_math.h"
#include "unit.h"

#define N FORGETTING_PARAMETERS

TEST(codes)
{
	int			code;

	/* 1024 log2(days) + 16384 */
	CHECK(forgetting_code(1.0) == 16384);
	CHECK(forgetting_code(2.0) == 17408);
	CHECK(forgetting_code(0.5) == 15360);
	CHECK(forgetting_code(3.0) == 18007);	/* 1623.0016 */
	CHECK(forgetting_code(30.0) == 21409);	/* 5024.656 */
	/* the ends, and beyond them */
	CHECK(forgetting_code(0x1p-16) == 0);
	CHECK(forgetting_code(0x1.01p-16) == 6);	/* log2(257/256) * 1024 = 5.76 */
	CHECK(forgetting_code(0.0) == 0);
	CHECK(forgetting_code(-1.0) == 0);
	CHECK(forgetting_code(NAN) == 0);
	CHECK(forgetting_code(0x1p16) == 32767);
	CHECK(forgetting_code(INFINITY) == 32767);
	CHECK_CLOSE(forgetting_code_log_days(17408.0), log(2.0), 1e-15);
	CHECK_EQ(forgetting_code_log_days(16384.0), 0.0);
	for (code = 0; code <= FORGETTING_MAX_CODE; code += 7)
		CHECK(forgetting_code(exp(forgetting_code_log_days(code))) == code);
}

/* a = 0.8, H = 5 days, b = 1: S = 5; growth 3, loss 4 */
static void
simple_curve(double *at)
{
	at[FORGETTING_LOGIT_AMPLITUDE] = log(4.0);
	at[FORGETTING_LN_HALF_LIFE] = log(5.0);
	at[FORGETTING_LN_EXPONENT] = 0.0;
	at[FORGETTING_LN_GROWTH] = log(3.0);
	at[FORGETTING_LN_LOSS] = log(4.0);
}

TEST(curve)
{
	double		at[N];
	double		b;

	simple_curve(at);
	CHECK_CLOSE(forgetting_recall(at, 0.0, 0, 0), 0.8, 1e-15);
	CHECK_CLOSE(forgetting_recall(at, 5.0, 0, 0), 0.4, 1e-14);
	CHECK_CLOSE(forgetting_recall(at, 15.0, 0, 0), 0.2, 1e-14);
	CHECK_CLOSE(forgetting_stability(at, 0, 0), 5.0, 1e-14);
	CHECK_CLOSE(forgetting_stability(at, 2, 0), 45.0, 1e-14);
	CHECK_CLOSE(forgetting_stability(at, 1, 2), 15.0 / 16, 1e-14);
	CHECK_CLOSE(forgetting_days_to(at, 0.2, 0, 0), 15.0, 1e-14);
	CHECK_CLOSE(forgetting_days_to(at, 0.2, 1, 0), 45.0, 1e-14);
	CHECK_CLOSE(forgetting_days_to(at, 0.2, 0, 1), 3.75, 1e-14);
	CHECK_CLOSE(forgetting_days_to(at, 0.796, 0, 0), 5 * (0.8 / 0.796 - 1), 1e-12);
	CHECK_EQ(forgetting_days_to(at, 0.8, 0, 0), 0.0);
	CHECK_EQ(forgetting_days_to(at, 0.9, 0, 0), 0.0);

	/* histories beyond the grid count as its edge */
	CHECK_EQ(forgetting_stability(at, 16, 0), forgetting_stability(at, 15, 0));
	CHECK(forgetting_stability(at, 15, 0) > forgetting_stability(at, 14, 0));
	CHECK_EQ(forgetting_recall(at, 1, 0, 8), forgetting_recall(at, 1, 0, 7));
	CHECK(forgetting_recall(at, 1, 0, 7) < forgetting_recall(at, 1, 0, 6));

	/* b = 1/2: S = H / 3; whatever the exponent, half is left after H */
	at[FORGETTING_LN_EXPONENT] = log(0.5);
	CHECK_CLOSE(forgetting_stability(at, 0, 0), 5.0 / 3, 1e-14);
	for (b = 0.1; b < 10.0; b *= 1.7)
	{
		at[FORGETTING_LN_EXPONENT] = log(b);
		CHECK_CLOSE(forgetting_recall(at, 5.0, 0, 0), 0.4, 1e-12);
		CHECK_CLOSE(forgetting_days_to(at, 0.4, 0, 0), 5.0, 1e-12);
	}
}

TEST(default_prior)
{
	const ForgettingPrior *p = &forgetting_default_prior;

	CHECK_CLOSE(p->mean[FORGETTING_LOGIT_AMPLITUDE], log(0.9 / 0.1), 1e-15);
	CHECK_CLOSE(p->mean[FORGETTING_LN_HALF_LIFE], log(20.0), 1e-15);
	CHECK_CLOSE(p->mean[FORGETTING_LN_EXPONENT], log(0.5), 1e-15);
	CHECK_CLOSE(p->mean[FORGETTING_LN_GROWTH], log(2.0), 1e-15);
	CHECK_CLOSE(p->mean[FORGETTING_LN_LOSS], log(4.0), 1e-15);
	CHECK_EQ(p->sd[FORGETTING_LOGIT_AMPLITUDE], 1.0);
	CHECK_EQ(p->sd[FORGETTING_LN_HALF_LIFE], 1.0);
	CHECK_EQ(p->sd[FORGETTING_LN_EXPONENT], 0.2);
	CHECK_EQ(p->sd[FORGETTING_LN_GROWTH], 0.4);
	CHECK_EQ(p->sd[FORGETTING_LN_LOSS], 0.6);
}

TEST(no_evidence)
{
	ForgettingFit fit;
	int			i;
	int			j;

	forgetting_fit(NULL, 0, &forgetting_default_prior, NULL, &fit);
	for (i = 0; i < N; i++)
	{
		CHECK_EQ(fit.at[i], forgetting_default_prior.mean[i]);
		for (j = 0; j < N; j++)
			CHECK_CLOSE(fit.covariance[i * N + j],
						i == j ? pow(forgetting_default_prior.sd[i], 2) : 0.0, 1e-14);
	}
}

/* 1000 reviews after a day, 400 recalled, amplitude 0.8, b = 1: H = 1 */
TEST(closed_form)
{
	ForgettingCell cell = {0.0, 0, 0, 1000, 400};
	ForgettingPrior prior = {{0}, {0}};
	double		start[N] = {0, 3, 0, 0, 0};
	ForgettingFit fit;
	double		low;
	double		high;
	double		information = 1000 * (0.4 / 0.6) * 0.25 + 1 / 25.0;

	prior.mean[FORGETTING_LOGIT_AMPLITUDE] = log(4.0);
	prior.sd[FORGETTING_LN_HALF_LIFE] = 5.0;
	forgetting_fit(&cell, 1, &prior, NULL, &fit);
	CHECK(fabs(fit.at[FORGETTING_LN_HALF_LIFE]) < 1e-12);
	CHECK_CLOSE(fit.covariance[FORGETTING_LN_HALF_LIFE * N + FORGETTING_LN_HALF_LIFE],
				1 / information, 1e-12);
	CHECK_EQ(fit.at[FORGETTING_LOGIT_AMPLITUDE], log(4.0));
	CHECK_EQ(fit.covariance[0], 0.0);
	/* from 20 days away, to the last digits */
	forgetting_fit(&cell, 1, &prior, start, &fit);
	CHECK(fabs(fit.at[FORGETTING_LN_HALF_LIFE]) < 1e-14);

	/* d logit P / d ln H = 0.5 / (1 - 0.4) at one day */
	forgetting_recall_interval(&fit, 1.0, 0, 0, 2.0, &low, &high);
	CHECK_CLOSE(log(low / (1 - low)), log(0.4 / 0.6) - 2 * 0.5 / 0.6 / sqrt(information), 1e-10);
	CHECK_CLOSE(log(high / (1 - high)), log(0.4 / 0.6) + 2 * 0.5 / 0.6 / sqrt(information), 1e-10);

	/* after seven days: d ln P / d ln H = 7/8, P = 0.1; after a success t / S = 7/3 */
	forgetting_recall_interval(&fit, 7.0, 0, 0, 1.0, &low, &high);
	CHECK_CLOSE(log(high / (1 - high)), log(1 / 9.0) + 0.875 / 0.9 / sqrt(information), 1e-10);
}

/* Slope of the objective by central differences, in prior standard deviations. */
static double
slope(const ForgettingCell *cells, int count, const ForgettingPrior *prior,
	  const double *at, int j)
{
	double		up[N];
	double		down[N];
	double		step = 1e-4 * prior->sd[j];

	memcpy(up, at, sizeof(up));
	memcpy(down, at, sizeof(down));
	up[j] += step;
	down[j] -= step;
	return (forgetting_objective(cells, count, prior, up) -
			forgetting_objective(cells, count, prior, down)) / 2e-4;
}

static int
grid(ForgettingCell *cells, double amplitude, double half_life, double exponent,
	 double growth, double loss, double reviews)
{
	int			count = 0;
	int			s;
	int			l;
	int			k;

	for (s = 0; s < 6; s++)
		for (l = 0; l < 3; l++)
			for (k = -3; k < 7; k++)
			{
				double		stability = half_life / (pow(2.0, 1 / exponent) - 1) *
					pow(growth, s) * pow(loss, -l);
				double		days = pow(2.0, k);

				cells[count].log_days = log(days);
				cells[count].successes = s;
				cells[count].lapses = l;
				cells[count].reviews = reviews;
				cells[count].recalled = reviews * amplitude *
					pow(1 + days / stability, -exponent);
				count++;
			}
	return count;
}

/* Expected outcomes in large number: the truth comes back, whatever it is. */
TEST(recovers_truth)
{
	static const double truth[][N] = {
		{0.95, 18, 0.5, 1.9, 3.3},
		{0.5, 2, 0.4, 1.2, 1.5},
		{0.99, 200, 0.7, 4, 10},
		{0.2, 0.3, 0.5, 0.8, 0.7}
	};
	ForgettingCell cells[6 * 3 * 10];
	int			t;
	int			j;

	for (t = 0; t < 4; t++)
	{
		const double *p = truth[t];
		int			count = grid(cells, p[0], p[1], p[2], p[3], p[4], 1e7);
		ForgettingFit fit;

		forgetting_fit(cells, count, &forgetting_default_prior, NULL, &fit);
		CHECK_CLOSE(fit.at[0], log(p[0] / (1 - p[0])), 1e-4);
		for (j = 1; j < N; j++)
			CHECK(fabs(fit.at[j] - log(p[j])) < 1e-4);
	}
}

/* The mode is one, for few reviews and for one-sided ones. */
TEST(stationary)
{
	ForgettingCell cells[6 * 3 * 10];
	int			variant;

	for (variant = 0; variant < 4; variant++)
	{
		int			count = grid(cells, 0.9, 10, 0.5, 2, 3, 3);
		ForgettingFit fit;
		int			i;
		int			j;

		for (i = 0; i < count; i++)
			cells[i].recalled = variant == 1 ? 3 : variant == 2 ? 0 : floor(cells[i].recalled);
		if (variant == 3)
			count = 1;
		forgetting_fit(cells, count, &forgetting_default_prior, NULL, &fit);
		for (j = 0; j < N; j++)
		{
			CHECK(fabs(slope(cells, count, &forgetting_default_prior, fit.at, j)) < 1e-5);
			CHECK(fit.covariance[j * N + j] > 0);
			CHECK(sqrt(fit.covariance[j * N + j]) <=
				  forgetting_default_prior.sd[j] * (1 + 1e-12));
		}
	}
}

/* Where to begin does not matter. */
TEST(starts)
{
	ForgettingCell cells[6 * 3 * 10];
	int			count = grid(cells, 0.7, 4, 0.6, 1.5, 2, 5);
	double		start[N] = {-3, 8, -1.5, -1, 3};
	ForgettingFit a;
	ForgettingFit b;
	int			j;

	forgetting_fit(cells, count, &forgetting_default_prior, NULL, &a);
	forgetting_fit(cells, count, &forgetting_default_prior, start, &b);
	for (j = 0; j < N; j++)
		CHECK(fabs(a.at[j] - b.at[j]) < 1e-9);
}

/* Recall like t^-0.03 under a wide prior pushes the exponent to its bound 0.05:
 * there its slope points outwards and all others vanish. */
TEST(bounds)
{
	static const double forgetting_ends[N][2] = {{-11, 11}, {-12, 18.5}, {-3, 3}, {-5, 5}, {-5, 5}};
	ForgettingCell cells[10];
	ForgettingPrior prior = {{0, 0, 0, 0.5, 1}, {2, 2, 5, 1, 1}};
	ForgettingFit fit;
	int			k;
	int			j;

	for (k = 0; k < 10; k++)
	{
		ForgettingCell cell = {log(pow(2.0, k)), 0, 0, 1e6, 8e5 * pow(2.0, -0.03 * k)};

		cells[k] = cell;
	}
	forgetting_fit(cells, 10, &prior, NULL, &fit);
	CHECK_EQ(fit.at[FORGETTING_LN_EXPONENT], forgetting_low[FORGETTING_LN_EXPONENT]);
	for (j = 0; j < N; j++)
		if (j != FORGETTING_LN_EXPONENT)
			CHECK(fabs(slope(cells, 10, &prior, fit.at, j)) < 0.1);
	fit.at[FORGETTING_LN_EXPONENT] += 1e-3;
	CHECK(slope(cells, 10, &prior, fit.at, FORGETTING_LN_EXPONENT) > 1);
	for (j = 0; j < N; j++)
	{
		double		at[N] = {0, 0, 0, 0, 0};

		at[j] = forgetting_ends[j][0] * 1.001;
		CHECK(isinf(forgetting_objective(cells, 10, &prior, at)));
		at[j] = forgetting_ends[j][1] * 1.001;
		CHECK(isinf(forgetting_objective(cells, 10, &prior, at)));
		at[j] = forgetting_ends[j][0];
		CHECK(isfinite(forgetting_objective(cells, 10, &prior, at)));
		at[j] = forgetting_ends[j][1];
		CHECK(isfinite(forgetting_objective(cells, 10, &prior, at)));
	}
}

/* Ten million successes within seconds push the amplitude to its upper bound. */
TEST(upper_bound)
{
	ForgettingCell cells[2] = {{-11, 0, 0, 1e7, 1e7}, {log(100), 0, 0, 1e6, 2e5}};
	ForgettingPrior prior = {{0, 0, 0, 0.5, 1}, {5, 5, 0.2, 1, 1}};
	ForgettingFit fit;
	int			j;

	forgetting_fit(cells, 2, &prior, NULL, &fit);
	CHECK_EQ(fit.at[FORGETTING_LOGIT_AMPLITUDE], forgetting_high[FORGETTING_LOGIT_AMPLITUDE]);
	for (j = 1; j < N; j++)
		CHECK(fabs(slope(cells, 2, &prior, fit.at, j)) < 0.1);
}

TEST(combine)
{
	ForgettingFit learner;
	ForgettingFit item;
	ForgettingFit sum;
	ForgettingPrior prior = {{1, 2, 0.1, 0.2, 0.3}, {1, 1, 1, 1, 1}};
	int			j;

	forgetting_fit(NULL, 0, &forgetting_default_prior, NULL, &learner);
	forgetting_fit(NULL, 0, &prior, NULL, &item);
	item.at[FORGETTING_LN_HALF_LIFE] = 2.5;
	item.at[FORGETTING_LN_LOSS] = 9.0;
	sum = forgetting_combine_fits(&learner, &item, &prior);
	CHECK_CLOSE(sum.at[FORGETTING_LN_HALF_LIFE], log(20.0) + 0.5, 1e-14);
	CHECK_CLOSE(sum.at[FORGETTING_LOGIT_AMPLITUDE], log(9.0), 1e-14);
	CHECK_EQ(sum.at[FORGETTING_LN_LOSS], forgetting_high[FORGETTING_LN_LOSS]);
	for (j = 0; j < N; j++)
		CHECK_CLOSE(sum.covariance[j * N + j],
					pow(forgetting_default_prior.sd[j], 2) + 1, 1e-14);
}

/* Two learners at ln H = 2 and 4 with variance 0.1 beside the default at ln 20. */
TEST(population)
{
	ForgettingPopulation sums;
	ForgettingPrior next;
	ForgettingFit fit;
	double		mean = (2 + 4 + log(20.0)) / 3;
	int			k;

	forgetting_population_begin(&sums, &forgetting_default_prior);
	for (k = 2; k <= 4; k += 2)
	{
		forgetting_fit(NULL, 0, &forgetting_default_prior, NULL, &fit);
		fit.at[FORGETTING_LN_HALF_LIFE] = k;
		fit.at[FORGETTING_LN_EXPONENT] = 1.0;
		fit.covariance[FORGETTING_LN_HALF_LIFE * N + FORGETTING_LN_HALF_LIFE] = 0.1;
		forgetting_population_add(&sums, &fit);
	}
	forgetting_population_end(&sums, &forgetting_default_prior, &next);
	CHECK_CLOSE(next.mean[FORGETTING_LN_HALF_LIFE], mean, 1e-14);
	CHECK_CLOSE(next.sd[FORGETTING_LN_HALF_LIFE],
				sqrt((pow(2 - mean, 2) + pow(4 - mean, 2) + pow(log(20.0) - mean, 2) +
					  0.1 + 0.1 + 1) / 3), 1e-14);
	/* three times the same amplitude, each with the prior's variance */
	CHECK_CLOSE(next.mean[FORGETTING_LOGIT_AMPLITUDE], log(9.0), 1e-14);
	CHECK_CLOSE(next.sd[FORGETTING_LOGIT_AMPLITUDE], 1.0, 1e-14);
	/* what is fixed stays, as does the exponent */
	{
		ForgettingPrior fixed = forgetting_default_prior;

		fixed.sd[FORGETTING_LN_HALF_LIFE] = 0.0;
		fixed.sd[FORGETTING_LN_GROWTH] = 0.1;
		forgetting_population_end(&sums, &fixed, &next);
		CHECK_EQ(next.mean[FORGETTING_LN_HALF_LIFE], log(20.0));
		CHECK_EQ(next.sd[FORGETTING_LN_HALF_LIFE], 0.0);
		CHECK(next.sd[FORGETTING_LN_GROWTH] > 0.3);
	}
	CHECK_EQ(next.mean[FORGETTING_LN_EXPONENT], log(0.5));
	CHECK_EQ(next.sd[FORGETTING_LN_EXPONENT], 0.2);
}

/* Each weight on its own: Python, from the published formulas. */
TEST(fsrs6)
{
	const double *w = fsrs6_default_weights;

	CHECK_CLOSE(fsrs6_retrievability(w, 7.0, 7.0), 0.9, 1e-14);
	CHECK_CLOSE(fsrs6_retrievability(w, 1.0, 2.3065), 0.9468474993825461, 1e-13);
	CHECK_CLOSE(fsrs6_interval(w, 0.9, 12.5), 12.5, 1e-13);
	CHECK_EQ(fsrs6_initial_stability(w, 1), 0.212);
	CHECK_EQ(fsrs6_initial_stability(w, 2), 1.2931);
	CHECK_EQ(fsrs6_initial_stability(w, 3), 2.3065);
	CHECK_EQ(fsrs6_initial_stability(w, 4), 8.2956);
	CHECK_CLOSE(fsrs6_initial_difficulty(w, 1), 6.4133, 1e-14);
	CHECK_CLOSE(fsrs6_initial_difficulty(w, 3), 7.4133 - exp(1.6668), 1e-14);
	CHECK_EQ(fsrs6_initial_difficulty(w, 4), 1.0);
	CHECK_CLOSE(fsrs6_next_stability(w, 10, 5, 10, 3), 32.02672948198673, 1e-12);
	CHECK_CLOSE(fsrs6_next_stability(w, 10, 5, 10, 2), 23.246875110466817, 1e-12);
	CHECK_CLOSE(fsrs6_next_stability(w, 10, 5, 10, 4), 51.25386164681294, 1e-12);
	CHECK_CLOSE(fsrs6_next_stability(w, 10, 5, 10, 1), 1.3919869729546932, 1e-12);
	CHECK_CLOSE(fsrs6_next_stability(w, 0.01, 1, 1000, 1), 0.009517279993343508, 1e-12);
	CHECK_CLOSE(fsrs6_next_stability(w, 10, 5, 0.5, 1), 3.0512489355716377, 1e-12);
	CHECK_EQ(fsrs6_next_stability(w, 10, 5, 0.5, 2), 10.0);
	CHECK_EQ(fsrs6_next_stability(w, 10, 5, 0.5, 3), 10.0);
	CHECK_CLOSE(fsrs6_next_stability(w, 10, 5, 0.5, 4), 15.534307947166701, 1e-12);
	CHECK_CLOSE(fsrs6_next_difficulty(w, 5, 1), 8.341762369296838, 1e-13);
	CHECK_CLOSE(fsrs6_next_difficulty(w, 5, 4), 3.3144613692968385, 1e-13);
	CHECK_CLOSE(fsrs6_next_difficulty(w, 10, 1), 9.985228369296838, 1e-13);
	CHECK_EQ(fsrs6_next_difficulty(w, 1, 4), 1.0);
	CHECK_EQ(fsrs6_next_stability(w, 36000, 1, 36500, 4), 36500.0);
	CHECK_EQ(fsrs6_next_stability(w, 0.001, 10, 1, 1), 0.001);
}

int
main(void)
{
	UNIT_BEGIN(13);
	RUN(codes);
	RUN(curve);
	RUN(default_prior);
	RUN(no_evidence);
	RUN(closed_form);
	RUN(recovers_truth);
	RUN(stationary);
	RUN(starts);
	RUN(bounds);
	RUN(upper_bound);
	RUN(combine);
	RUN(population);
	RUN(fsrs6);
	UNIT_END();
}
