/*
 * forgetting_math.c
 *		The mathematics of the forgetting family.
 */
#include <math.h>
#include <string.h>

#include "forgetting_math.h"
#include "linalg.h"
#include "num.h"

#define N	FORGETTING_PARAMETERS

/* Newton's method, projected on the bounds: usually 5 to 8 steps. */
#define MAX_STEPS			200
#define MAX_HALVINGS		60

/* A step this small, in prior standard deviations, is the last one. */
#define STEP_TOLERANCE		1e-11

/* Below this size rounding hides whether a step went down: it is taken as is. */
#define STEP_TRUSTED		1e-5

/* The share of the promised descent that a step has to keep. */
#define DESCENT				1e-4

/* The population before any learner weighs as much as one. */
#define PSEUDO_LEARNERS		1.0

/*
 * Amplitude 0.002 % to 99.998 %, half-life one second to 300,000 years,
 * exponent 0.05 to 20, growth and loss by factors of 1/150 to 150.
 */
const double forgetting_low[N] = {-11.0, -12.0, -3.0, -5.0, -5.0};
const double forgetting_high[N] = {11.0, 18.5, 3.0, 5.0, 5.0};

/*
 * Sources in doc/forgetting.md: the four first-review stabilities of FSRS-6
 * read as a curve with exponent 1/2 have half-lives of 2.7, 16.5, 29.5 and 106
 * days (geometric mean 19); its growth and loss at these stabilities lie
 * around 2 and 4.
 */
const ForgettingPrior forgetting_default_prior = {
	/* logit 0.9; ln 20 days; ln 1/2; ln 2; ln 4 */
	{2.1972245773362196, 2.9957322735539909, -0.69314718055994531,
	0.69314718055994531, 1.3862943611198906},
	{1.0, 1.0, 0.2, 0.4, 0.6}
};

/* ---------------------------------------------------------------------------
 * The code of an elapsed time
 * ---------------------------------------------------------------------------
 */

int
forgetting_code(double days)
{
	double		code;

	if (!(days > 0.0))
		return 0;
	code = floor(FORGETTING_CODES_PER_OCTAVE * log2(days) + 0.5) +
		FORGETTING_CODE_OF_ONE_DAY;
	return (int) num_clamp(code, 0.0, FORGETTING_MAX_CODE);
}

double
forgetting_code_log_days(double code)
{
	return (code - FORGETTING_CODE_OF_ONE_DAY) *
		(NUM_LN2 / FORGETTING_CODES_PER_OCTAVE);
}

/* ---------------------------------------------------------------------------
 * The curve
 * ---------------------------------------------------------------------------
 */

/* ln(2^(1/b) - 1): half-lives per stability; with its derivatives by ln b. */
static double
log_half_lives(double ln_exponent, double *first, double *second)
{
	double		u = NUM_LN2 * exp(-ln_exponent);
	double		kept = exp(-u);
	double		lost = -expm1(-u);

	*first = -u / lost;
	*second = u * (lost - u * kept) / (lost * lost);
	/* ln(e^u - 1) = u + ln(1 - e^-u) */
	return u + log(lost);
}

/* What the parameters mean for every cell alike. */
typedef struct Curve
{
	const double *at;
	double		exponent;
	double		amplitude;
	double		log_amplitude;
	double		log_half_lives; /* and derivatives by ln b */
	double		log_half_lives_1;
	double		log_half_lives_2;
} Curve;

static Curve
curve_of(const double *at)
{
	Curve		curve;

	curve.at = at;
	curve.exponent = exp(at[FORGETTING_LN_EXPONENT]);
	curve.amplitude = num_logistic(at[FORGETTING_LOGIT_AMPLITUDE]);
	curve.log_amplitude = -num_log1pexp(-at[FORGETTING_LOGIT_AMPLITUDE]);
	curve.log_half_lives = log_half_lives(at[FORGETTING_LN_EXPONENT],
										  &curve.log_half_lives_1,
										  &curve.log_half_lives_2);
	return curve;
}

static double
log_stability(const Curve *curve, double successes, double lapses)
{
	return curve->at[FORGETTING_LN_HALF_LIFE] - curve->log_half_lives +
		successes * curve->at[FORGETTING_LN_GROWTH] -
		lapses * curve->at[FORGETTING_LN_LOSS];
}

/*
 * Differences between 7 and 10 lapses are not seen by the evidence (see
 * FORGETTING_MAX_LAPSES), so nothing is predicted from them.
 */
static double
seen(double count, double most)
{
	return count < most ? count : most;
}

double
forgetting_stability(const double *at, double successes, double lapses)
{
	Curve		curve = curve_of(at);

	return exp(log_stability(&curve, seen(successes, FORGETTING_MAX_SUCCESSES),
							 seen(lapses, FORGETTING_MAX_LAPSES)));
}

static double
log_recall(const Curve *curve, double log_days, double successes, double lapses)
{
	return curve->log_amplitude - curve->exponent *
		num_log1pexp(log_days - log_stability(curve, successes, lapses));
}

double
forgetting_recall(const double *at, double days, double successes, double lapses)
{
	Curve		curve = curve_of(at);

	return exp(log_recall(&curve, log(days), seen(successes, FORGETTING_MAX_SUCCESSES),
						  seen(lapses, FORGETTING_MAX_LAPSES)));
}

double
forgetting_days_to(const double *at, double target, double successes, double lapses)
{
	Curve		curve = curve_of(at);
	double		gap = curve.log_amplitude - log(target);

	if (gap <= 0.0)
		return 0.0;
	return forgetting_stability(at, successes, lapses) * expm1(gap / curve.exponent);
}

/*
 * The gradient of ln P at one cell, and on request its second derivatives.
 *
 * ln P = A(alpha) - b(beta) L(x(theta)), L = ln(1 + e^x), where x is linear in
 * all parameters but beta.
 */
static double
log_recall_derivatives(const Curve *curve, double log_days, double successes,
					   double lapses, double *gradient, double *hessian)
{
	double		b = curve->exponent;
	double		x = log_days - log_stability(curve, successes, lapses);
	double		log1px = num_log1pexp(x);
	double		slope = num_logistic(x);
	double		dx[N] = {0.0, -1.0, curve->log_half_lives_1, -successes, lapses};
	int			i;
	int			j;

	for (i = 0; i < N; i++)
		gradient[i] = -b * slope * dx[i];
	gradient[FORGETTING_LOGIT_AMPLITUDE] = 1.0 - curve->amplitude;
	gradient[FORGETTING_LN_EXPONENT] -= b * log1px;

	if (hessian != NULL)
	{
		double		bend = b * slope * (1.0 - slope);

		for (i = 0; i < N; i++)
			for (j = 0; j < N; j++)
				hessian[i * N + j] = -bend * dx[i] * dx[j];
		for (i = 0; i < N; i++)
		{
			hessian[FORGETTING_LN_EXPONENT * N + i] -= b * slope * dx[i];
			hessian[i * N + FORGETTING_LN_EXPONENT] -= b * slope * dx[i];
		}
		hessian[FORGETTING_LN_EXPONENT * N + FORGETTING_LN_EXPONENT] -=
			b * log1px + b * slope * curve->log_half_lives_2;
		hessian[FORGETTING_LOGIT_AMPLITUDE * N + FORGETTING_LOGIT_AMPLITUDE] =
			-curve->amplitude * (1.0 - curve->amplitude);
	}
	return curve->log_amplitude - b * log1px;
}

/* ---------------------------------------------------------------------------
 * The fit
 * ---------------------------------------------------------------------------
 */

double
forgetting_objective(const ForgettingCell *cells, size_t count,
					 const ForgettingPrior *prior, const double *at)
{
	Curve		curve = curve_of(at);
	double		value = 0.0;
	size_t		i;
	int			j;

	for (j = 0; j < N; j++)
	{
		double		distance;

		if (at[j] < forgetting_low[j] || at[j] > forgetting_high[j])
			return INFINITY;
		if (prior->sd[j] == 0.0)
			continue;
		distance = (at[j] - prior->mean[j]) / prior->sd[j];
		value += 0.5 * distance * distance;
	}
	for (i = 0; i < count; i++)
	{
		double		lp = log_recall(&curve, cells[i].log_days, cells[i].successes,
									cells[i].lapses);

		value -= cells[i].recalled * lp +
			(cells[i].reviews - cells[i].recalled) * log(-expm1(lp));
	}
	return value;
}

/* A parameter that may not move: no slope, and a unit row. */
static void
fix_parameter(int j, double *gradient, double *observed, double *expected)
{
	int			k;

	gradient[j] = 0.0;
	for (k = 0; k < N; k++)
	{
		expected[j * N + k] = expected[k * N + j] = (j == k);
		if (observed != NULL)
			observed[j * N + k] = observed[k * N + j] = (j == k);
	}
}

/*
 * Gradient of the objective, its Hessian (observed) and its expected Hessian,
 * each with the prior's precision; a fixed parameter gets a unit row.
 */
static void
objective_derivatives(const ForgettingCell *cells, size_t count,
					  const ForgettingPrior *prior, const double *at,
					  double *gradient, double *observed, double *expected)
{
	Curve		curve = curve_of(at);
	size_t		i;
	int			j;
	int			k;

	memset(gradient, 0, sizeof(double) * N);
	memset(expected, 0, sizeof(double) * N * N);
	if (observed != NULL)
		memset(observed, 0, sizeof(double) * N * N);

	for (i = 0; i < count; i++)
	{
		double		g[N];
		double		h[N * N];
		double		lp = log_recall_derivatives(&curve, cells[i].log_days,
												cells[i].successes,
												cells[i].lapses, g,
												observed != NULL ? h : NULL);
		double		p = exp(lp);
		double		q = -expm1(lp);
		double		lapsed = cells[i].reviews - cells[i].recalled;

		/* first and second derivative of the cell's likelihood by ln P */
		double		first = cells[i].recalled - lapsed * p / q;
		double		second = -lapsed * p / (q * q);
		double		information = cells[i].reviews * p / q;

		for (j = 0; j < N; j++)
		{
			gradient[j] -= first * g[j];
			for (k = 0; k < N; k++)
			{
				expected[j * N + k] += information * g[j] * g[k];
				if (observed != NULL)
					observed[j * N + k] -= second * g[j] * g[k] + first * h[j * N + k];
			}
		}
	}

	for (j = 0; j < N; j++)
	{
		double		precision;

		if (prior->sd[j] == 0.0)
		{
			fix_parameter(j, gradient, observed, expected);
			continue;
		}
		precision = 1.0 / (prior->sd[j] * prior->sd[j]);
		gradient[j] += precision * (at[j] - prior->mean[j]);
		expected[j * N + j] += precision;
		if (observed != NULL)
			observed[j * N + j] += precision;
	}
}

void
forgetting_fit(const ForgettingCell *cells, size_t count,
			   const ForgettingPrior *prior, const double *start,
			   ForgettingFit *fit)
{
	double	   *at = fit->at;
	double		gradient[N];
	double		observed[N * N];
	double		expected[N * N];
	double		value;
	int			steps;
	int			j;

	memcpy(at, start != NULL ? start : prior->mean, sizeof(double) * N);
	for (j = 0; j < N; j++)
		if (prior->sd[j] == 0.0)
			at[j] = prior->mean[j];
	value = forgetting_objective(cells, count, prior, at);

	for (steps = 0; steps < MAX_STEPS && count > 0; steps++)
	{
		double		step[N];
		double		next[N];
		double		size = 0.0;
		double		scale = 1.0;
		double		next_value = value;
		int			halvings;

		objective_derivatives(cells, count, prior, at, gradient, observed, expected);
		for (j = 0; j < N; j++)
			if ((at[j] <= forgetting_low[j] && gradient[j] > 0.0) ||
				(at[j] >= forgetting_high[j] && gradient[j] < 0.0))
				fix_parameter(j, gradient, observed, expected);
		memcpy(step, gradient, sizeof(step));
		/* far from the mode the curve may bend the wrong way */
		if (linalg_solve(observed, N, step) != LINALG_OK)
		{
			memcpy(step, gradient, sizeof(step));
			if (linalg_solve(expected, N, step) != LINALG_OK)
				break;
		}
		for (halvings = 0; halvings < MAX_HALVINGS; halvings++)
		{
			double		descent = 0.0;

			size = 0.0;
			for (j = 0; j < N; j++)
			{
				next[j] = num_clamp(at[j] - scale * step[j],
									forgetting_low[j], forgetting_high[j]);
				descent += gradient[j] * (at[j] - next[j]);
				if (prior->sd[j] > 0.0)
					size = fmax(size, fabs(at[j] - next[j]) / prior->sd[j]);
			}
			next_value = forgetting_objective(cells, count, prior, next);
			if (next_value <= value - DESCENT * descent || size < STEP_TRUSTED)
				break;
			scale /= 2.0;
		}
		if (halvings == MAX_HALVINGS)
			break;
		memcpy(at, next, sizeof(next));
		value = next_value;
		if (size < STEP_TOLERANCE)
			break;
	}

	objective_derivatives(cells, count, prior, at, gradient, NULL, expected);
	if (linalg_cholesky(expected, N) == LINALG_OK)
		linalg_cholesky_inverse(expected, N, fit->covariance);
	else
	{
		memset(fit->covariance, 0, sizeof(fit->covariance));
		for (j = 0; j < N; j++)
			fit->covariance[j * N + j] = prior->sd[j] * prior->sd[j];
	}
	/* the unit row of a fixed parameter is no variance */
	for (j = 0; j < N; j++)
		if (prior->sd[j] == 0.0)
			fit->covariance[j * N + j] = 0.0;
}

ForgettingFit
forgetting_combine_fits(const ForgettingFit *fit, const ForgettingFit *other,
						const ForgettingPrior *other_prior)
{
	ForgettingFit sum = *fit;
	int			j;

	for (j = 0; j < N; j++)
		sum.at[j] = num_clamp(sum.at[j] + other->at[j] - other_prior->mean[j],
							  forgetting_low[j], forgetting_high[j]);
	linalg_add(sum.covariance, other->covariance, N * N);
	return sum;
}

void
forgetting_recall_interval(const ForgettingFit *fit, double days,
						   double successes, double lapses, double z,
						   double *low, double *high)
{
	Curve		curve = curve_of(fit->at);
	double		gradient[N];
	double		along[N];
	double		lp;
	double		logit;
	double		sd;

	successes = seen(successes, FORGETTING_MAX_SUCCESSES);
	lapses = seen(lapses, FORGETTING_MAX_LAPSES);
	lp = log_recall_derivatives(&curve, log(days), successes, lapses, gradient, NULL);
	linalg_multiply(fit->covariance, N, gradient, along);
	/* d logit P = d ln P / (1 - P) */
	sd = sqrt(fmax(linalg_dot(gradient, along, N), 0.0)) / -expm1(lp);
	logit = lp - log(-expm1(lp));
	*low = num_logistic(logit - z * sd);
	*high = num_logistic(logit + z * sd);
}

/* ---------------------------------------------------------------------------
 * The population
 * ---------------------------------------------------------------------------
 */

void
forgetting_population_begin(ForgettingPopulation *population,
							const ForgettingPrior *centre)
{
	memset(population, 0, sizeof(ForgettingPopulation));
	memcpy(population->centre, centre->mean, sizeof(population->centre));
}

void
forgetting_population_add(ForgettingPopulation *population,
						  const ForgettingFit *fit)
{
	int			j;

	population->learners += 1.0;
	for (j = 0; j < N; j++)
	{
		double		distance = fit->at[j] - population->centre[j];

		population->sum[j] += distance;
		population->squares[j] += distance * distance;
		population->variances[j] += fit->covariance[j * N + j];
	}
}

void
forgetting_population_end(const ForgettingPopulation *population,
						  const ForgettingPrior *initial, ForgettingPrior *next)
{
	double		weight = population->learners + PSEUDO_LEARNERS;
	int			j;

	*next = *initial;
	for (j = 0; j < N; j++)
	{
		double		own = initial->mean[j] - population->centre[j];
		double		mean;
		double		squares;

		if (j == FORGETTING_LN_EXPONENT || initial->sd[j] == 0.0)
			continue;
		mean = (population->sum[j] + PSEUDO_LEARNERS * own) / weight;
		squares = population->squares[j] - 2.0 * mean * population->sum[j] +
			population->learners * mean * mean +
			PSEUDO_LEARNERS * (own - mean) * (own - mean);
		next->mean[j] = num_clamp(population->centre[j] + mean,
								  forgetting_low[j], forgetting_high[j]);
		next->sd[j] = fmin(sqrt((fmax(squares, 0.0) + population->variances[j] +
								 PSEUDO_LEARNERS * initial->sd[j] * initial->sd[j]) / weight),
						   FORGETTING_MAX_SD);
	}
}

/* ---------------------------------------------------------------------------
 * FSRS-6
 * ---------------------------------------------------------------------------
 */

const double fsrs6_default_weights[FSRS6_WEIGHTS] = {
	0.212, 1.2931, 2.3065, 8.2956, 6.4133, 0.8334, 3.0194, 0.001, 1.8722,
	0.1666, 0.796, 1.4835, 0.0614, 0.2629, 1.6483, 0.6014, 1.8729, 0.5425,
	0.0912, 0.0658, 0.1542
};

/* Recall at which stability is defined: R(S, S). */
#define FSRS6_RECALL_AT_STABILITY	0.9

static double
fsrs6_factor(const double *w)
{
	return pow(FSRS6_RECALL_AT_STABILITY, -1.0 / w[20]) - 1.0;
}

double
fsrs6_retrievability(const double *w, double days, double stability)
{
	return pow(1.0 + fsrs6_factor(w) * days / stability, -w[20]);
}

double
fsrs6_interval(const double *w, double target, double stability)
{
	return stability / fsrs6_factor(w) * (pow(target, -1.0 / w[20]) - 1.0);
}

static double
fsrs6_clamp_stability(double stability)
{
	return num_clamp(stability, FSRS6_MIN_STABILITY, FSRS6_MAX_STABILITY);
}

double
fsrs6_initial_stability(const double *w, int grade)
{
	return fsrs6_clamp_stability(w[grade - 1]);
}

static double
fsrs6_raw_initial_difficulty(const double *w, int grade)
{
	return w[4] - exp(w[5] * (grade - 1)) + 1.0;
}

double
fsrs6_initial_difficulty(const double *w, int grade)
{
	return num_clamp(fsrs6_raw_initial_difficulty(w, grade),
					 FSRS6_MIN_DIFFICULTY, FSRS6_MAX_DIFFICULTY);
}

double
fsrs6_next_stability(const double *w, double stability, double difficulty,
					 double days, int grade)
{
	double		recall = fsrs6_retrievability(w, days, stability);
	double		next;

	if (days < 1.0)
	{
		double		factor = exp(w[17] * (grade - 3 + w[18])) * pow(stability, -w[19]);

		if (grade >= 2)
			factor = fmax(factor, 1.0);
		next = stability * factor;
	}
	else if (grade >= 2)
	{
		double		bonus = grade == 2 ? w[15] : grade == 4 ? w[16] : 1.0;

		next = stability * (exp(w[8]) * (11.0 - difficulty) * pow(stability, -w[9]) *
							expm1((1.0 - recall) * w[10]) * bonus + 1.0);
	}
	else
		next = fmin(w[11] * pow(difficulty, -w[12]) *
					(pow(stability + 1.0, w[13]) - 1.0) * exp((1.0 - recall) * w[14]),
					stability / exp(w[17] * w[18]));
	return fsrs6_clamp_stability(next);
}

double
fsrs6_next_difficulty(const double *w, double difficulty, int grade)
{
	double		damped = difficulty - w[6] * (grade - 3) *
		(FSRS6_MAX_DIFFICULTY - difficulty) / 9.0;
	double		easiest = fsrs6_raw_initial_difficulty(w, 4);

	return num_clamp(w[7] * (easiest - damped) + damped,
					 FSRS6_MIN_DIFFICULTY, FSRS6_MAX_DIFFICULTY);
}
