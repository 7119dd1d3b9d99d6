/*
 * test_struggle_math.c
 *		Logistic steps, predictions and updates where the numbers are hard:
 *		tails, cancellation, full size.  What is easy is tested through SQL.
 */
#include <float.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "struggle_math.h"
#include "unit.h"

static uint64_t random_state = UINT64_C(88172645463325252);

static double
random_unit(void)
{
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return (double) ((random_state * UINT64_C(2685821657736338717)) >> 11) /
		9007199254740992.0;
}

static LogitStep
new_step(int features)
{
	LogitStep	step;

	logit_step_init(&step, features, malloc(sizeof(double) * LOGIT_STEP_DOUBLES(features)));
	return step;
}

/*
 * One row x = 1 at coefficients (0, z).  For y true the residual is 1 - p and
 * the loss log(1 + exp(-z)); at z = 40 both are exp(-40) to the last digit
 * (1 + exp(-40) rounds to 1), at z = -40 the residual is 1 and the loss 40.
 * At z = 800 exp(-800) is 0; at z = 745 it is the smallest denormal.
 */
TEST(tails)
{
	static const struct
	{
		double		z;
		bool		y;
		double		residual;
		double		loss;
		double		curvature;
	}			rows[] = {
		{40, true, 4.248354255291589e-18, 4.248354255291589e-18, 4.248354255291589e-18},
		{-40, true, 1, 40, 4.248354255291589e-18},
		{40, false, -1, 40, 4.248354255291589e-18},
		{-40, false, -4.248354255291589e-18, 4.248354255291589e-18, 4.248354255291589e-18},
		/* 1 - 1 / (1 + exp(-1/256)), its loss and p (1 - p), in 40 digits */
		{0.00390625, true, 0.49902343874176153, 0.69119596290736551, 0.2499990463281089},
		{0.00390625, false, -0.50097656125823842, 0.69510221290736551, 0.2499990463281089},
		{-0.00390625, true, 0.50097656125823842, 0.69510221290736551, 0.2499990463281089},
		{-0.00390625, false, -0.49902343874176153, 0.69119596290736551, 0.2499990463281089},
		{0, true, 0.5, 0.69314718055994531, 0.25},
		{0, false, -0.5, 0.69314718055994531, 0.25},
		{800, true, 0, 0, 0},
		{-800, true, 1, 800, 0},
		{800, false, -1, 800, 0}
	};
	size_t		i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
	{
		LogitStep	step = new_step(1);
		double		x = 1.0;

		step.beta[1] = rows[i].z;
		CHECK(logit_step_add(&step, rows[i].y, &x, 1.0));
		CHECK_CLOSE(step.gradient[1], rows[i].residual, 1e-15);
		CHECK_CLOSE(-num_sum_value(&step.log_likelihood), rows[i].loss, 1e-15);
		CHECK_CLOSE(step.hessian[2], rows[i].curvature, 1e-15);
		free(step.centre);
	}
}

/* A row x = 0 at coefficients (0, 2): log 1/2, less a ridge of 3 times 2^2 / 2. */
TEST(ridge_posterior)
{
	LogitPrior	prior = {NULL, NULL, 3.0};
	LogitStep	step = new_step(1);
	double		x = 0.0;

	step.beta[1] = 2.0;
	CHECK(logit_step_add(&step, true, &x, 1.0));
	CHECK_CLOSE(logit_log_posterior(&step, &prior), -0.69314718055994531 - 6.0, 1e-15);
	free(step.centre);
}

/* Sums of finite numbers that leave the range are refused before they count. */
TEST(out_of_range)
{
	LogitStep	step = new_step(1);
	double		x = 1e200;

	step.beta[1] = 1e200;
	CHECK(!logit_step_add(&step, true, &x, 1.0));
	CHECK(step.rows == 0);
	CHECK_EQ(step.weight, 0.0);
	CHECK_EQ(step.hessian[0], 0.0);
	step.beta[1] = 0.0;
	CHECK(logit_step_add(&step, true, &x, 1.0));
	CHECK(!logit_step_is_finite(&step));
	free(step.centre);
}

/*
 * 64 features, the bound: a step of the quadratic likelihood around zero.  At
 * beta 0 the Hessian is sum d d' / 4 and the gradient sum (y - 1/2) d, so the
 * next point is twice the least-squares fit of 2 y - 1 on d, whose residuals
 * are orthogonal to every d.
 */
TEST(full_size)
{
	enum
	{
		K = LOGIT_MAX_FEATURES,
		N = K + 1,
		ROWS = 400
	};
	static double x[ROWS][K];
	static bool y[ROWS];
	LogitStep	step = new_step(K);
	LogitPrior	prior = {NULL, NULL, 0.0};
	double		next[N];
	double	   *work = malloc(sizeof(double) * LOGIT_SOLVE_DOUBLES(N));
	double		decrement;
	double		worst = 0.0;
	int			i;
	int			j;

	for (i = 0; i < ROWS; i++)
	{
		for (j = 0; j < K; j++)
			x[i][j] = random_unit() - 0.5;
		y[i] = random_unit() < 0.3;
		CHECK(logit_step_add(&step, y[i], x[i], 1.0));
	}
	CHECK(logit_newton(&step, &prior, 1.0, next, NULL, &decrement, work) == LINALG_OK);
	for (j = -1; j < K; j++)
	{
		double		product = 0.0;

		for (i = 0; i < ROWS; i++)
			product += (j < 0 ? 1.0 : x[i][j]) *
				((y[i] ? 1.0 : -1.0) - 0.5 * (next[0] + linalg_dot(next + 1, x[i], K)));
		worst = fmax(worst, fabs(product));
	}
	CHECK(worst < 1e-10);
	CHECK(decrement > 0.0);
	free(step.centre);
	free(work);
}

/* A copied feature has no unique coefficient; a ridge gives it one. */
TEST(singular)
{
	LogitStep	step = new_step(2);
	LogitPrior	prior = {NULL, NULL, 0.0};
	double		next[3];
	double		work[LOGIT_SOLVE_DOUBLES(3)];
	double		decrement;
	int			i;

	for (i = 0; i < 9; i++)
	{
		double		x[2] = {i, i};

		CHECK(logit_step_add(&step, i % 3 == 0, x, 1.0));
	}
	CHECK(logit_newton(&step, &prior, 1.0, next, NULL, &decrement, work) ==
		  LINALG_NOT_POSITIVE_DEFINITE);
	prior.ridge = 1e-3;
	CHECK(logit_newton(&step, &prior, 1.0, next, NULL, &decrement, work) == LINALG_OK);
	CHECK_CLOSE(next[1], next[2], 1e-9);
	free(step.centre);
}

/*
 * (p - p0) / (z - z0) beside the same in long double, from far apart to the
 * smallest difference, on both sides, in the middle and in the tails.
 */
TEST(slope)
{
	static const double bases[] = {-30, -3, -0.3, 0, 0.7, 5, 25};
	size_t		b;
	int			e;

	for (b = 0; b < sizeof(bases) / sizeof(bases[0]); b++)
	{
		double		p0 = num_logistic(bases[b]);

		CHECK_CLOSE(logit_slope(bases[b], bases[b]), p0 * num_logistic(-bases[b]), 1e-15);
		for (e = -45; e <= 9; e++)
		{
			int			side;

			for (side = -1; side <= 1; side += 2)
			{
				double		z = bases[b] + side * ldexp(1.0, e);
				long double exact = z - bases[b];

				/* 1 / (1 + a) - 1 / (1 + a0) over one denominator */
				exact = expl(-bases[b]) * -expm1l(-exact) / exact /
					((1.0L + expl(-z)) * (1.0L + expl(-bases[b])));
				CHECK_CLOSE(logit_slope(z, bases[b]), (double) exact, 1e-13);
			}
		}
	}
}

/*
 * An update ends at the mode: there the prior's pull P (b' - b) equals the
 * likelihood's gradient w (y - p') d.  The precision grows by w p' (1 - p') d d'.
 */
TEST(update_is_mode)
{
	enum
	{
		K = 3,
		N = K + 1
	};
	int			round;

	for (round = 0; round < 2000; round++)
	{
		double		data[LOGIT_MODEL_DOUBLES(K)];
		double		factor[N * N];
		double		work[2 * N];
		double		before[N];
		double		precision[LOGIT_PACKED(N)];
		double		scale = pow(10.0, 8.0 * random_unit() - 4.0);
		double		weight = pow(10.0, 4.0 * random_unit() - 2.0);
		double		x[K];
		double		d[N];
		double		z;
		double		p;
		bool		y = random_unit() < 0.5;
		LogitModel	model;
		int			i;
		int			j;

		logit_model_init(&model, K, data);
		for (i = 0; i < N; i++)
		{
			model.beta[i] = before[i] = 10.0 * random_unit() - 5.0;
			for (j = 0; j < i; j++)
				model.precision[LOGIT_PACKED(i) + j] = scale * (random_unit() - 0.5) * 0.5;
			model.precision[LOGIT_PACKED(i) + i] = scale * (1.0 + random_unit());
		}
		memcpy(precision, model.precision, sizeof(precision));
		d[0] = 1.0;
		for (i = 0; i < K; i++)
		{
			x[i] = 4.0 * random_unit() - 2.0;
			d[i + 1] = x[i];
		}
		CHECK(logit_factor(&model, factor) == LINALG_OK);
		CHECK(logit_update(&model, factor, y, x, weight, work));
		z = linalg_dot(model.beta, d, N);
		p = num_logistic(z);
		for (i = 0; i < N; i++)
		{
			double		pull = 0.0;

			for (j = 0; j < N; j++)
				pull += (i > j ? precision[LOGIT_PACKED(i) + j] : precision[LOGIT_PACKED(j) + i]) *
					(model.beta[j] - before[j]);
			/* beta is rounded to 1e-15, times the precision */
			CHECK(fabs(pull - weight * (y ? num_logistic(-z) : -p) * d[i]) <
				  1e-13 * scale + 1e-10 * weight);
			for (j = 0; j <= i; j++)
				CHECK(fabs(model.precision[LOGIT_PACKED(i) + j] - precision[LOGIT_PACKED(i) + j] -
						   weight * p * num_logistic(-z) * d[i] * d[j]) <
					  1e-12 * (scale + weight));
		}
		CHECK(model.examples == 1);
	}
}

/* The prior model with nothing known answers the rate it was given. */
TEST(prior_rate)
{
	double		data[LOGIT_MODEL_DOUBLES(STRUGGLE_FEATURES)];
	double		factor[(STRUGGLE_FEATURES + 1) * (STRUGGLE_FEATURES + 1)];
	double		work[2 * (STRUGGLE_FEATURES + 1)];
	double		x[STRUGGLE_FEATURES];
	LogitModel	model;
	double		rate;
	int			i;

	for (i = 0; i < STRUGGLE_FEATURES; i++)
		x[i] = NAN;
	for (rate = 0.01; rate < 1.0; rate += 0.07)
	{
		LogitPrediction p;

		logit_model_init(&model, STRUGGLE_FEATURES, data);
		struggle_prior_model(&model, rate);
		CHECK(logit_factor(&model, factor) == LINALG_OK);
		p = logit_predict(&model, factor, x, work);
		CHECK_CLOSE(p.probability, rate, 1e-13);
		CHECK(p.low < rate && p.high > rate && p.unknown == STRUGGLE_FEATURES);
	}
}

int
main(void)
{
	UNIT_BEGIN(8);
	RUN(tails);
	RUN(ridge_posterior);
	RUN(out_of_range);
	RUN(full_size);
	RUN(singular);
	RUN(slope);
	RUN(update_is_mode);
	RUN(prior_rate);
	UNIT_END();
}
