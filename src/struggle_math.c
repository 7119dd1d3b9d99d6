/*
 * struggle_math.c
 *		Logistic regression in mergeable Newton steps, its posterior, the prior
 *		model of struggle and the reference's rules.
 */
#include "struggle_math.h"

#include <float.h>
#include <math.h>
#include <stddef.h>
#include <string.h>

/*
 * Newton step
 */

void
logit_step_init(LogitStep *step, int features, double *data)
{
	int			n = features + 1;

	memset(data, 0, sizeof(double) * LOGIT_STEP_DOUBLES(features));
	step->features = features;
	step->rows = 0;
	step->weight = 0.0;
	step->positives = 0.0;
	num_sum_init(&step->log_likelihood);
	step->centre = data;
	step->unknown = step->centre + features;
	step->sum = step->unknown + features;
	step->square = step->sum + features;
	step->beta = step->square + features;
	step->gradient = step->beta + n;
	step->hessian = step->gradient + n;
}

/*
 * With e = exp(-|z|) the larger of p and 1 - p is 1 / (1 + e), the smaller
 * e / (1 + e): nothing is subtracted, so both keep their digits in the tails.
 */
bool
logit_step_add(LogitStep *step, bool y, const double *x, double weight)
{
	int			n = step->features + 1;
	double		d[LOGIT_MAX_COEFFICIENTS];
	double		z = step->beta[0];
	double		e;
	double		larger;
	double		smaller;
	double		residual;
	double		curvature;
	double	   *hessian = step->hessian;
	int			i;
	int			j;

	d[0] = 1.0;
	for (i = 1; i < n; i++)
	{
		d[i] = x[i - 1] - step->centre[i - 1];
		/* NaN is unknown: counted below, and out of every sum */
		if (d[i] != d[i])
			d[i] = 0.0;
		z += step->beta[i] * d[i];
	}
	if (!isfinite(z))
		return false;

	e = exp(-fabs(z));
	larger = 1.0 / (1.0 + e);
	smaller = e * larger;
	curvature = weight * larger * smaller;
	if (y)
		residual = z >= 0.0 ? smaller : larger;
	else
		residual = z >= 0.0 ? -larger : -smaller;
	residual *= weight;
	/* the wrong side pays |z| more */
	num_sum_add(&step->log_likelihood,
				-weight * (log1p(e) + (y == (z >= 0.0) ? 0.0 : fabs(z))));

	step->rows++;
	step->weight += weight;
	if (y)
		step->positives += weight;
	for (i = 0; i < n; i++)
	{
		double		scaled = curvature * d[i];

		step->gradient[i] += residual * d[i];
		for (j = 0; j <= i; j++)
			hessian[j] += scaled * d[j];
		hessian += i + 1;
	}
	for (i = 0; i < step->features; i++)
	{
		if (x[i] != x[i])
			step->unknown[i] += weight;
		step->sum[i] += weight * d[i + 1];
		step->square[i] += weight * d[i + 1] * d[i + 1];
	}
	return true;
}

bool
logit_same_point(const LogitStep *a, const LogitStep *b)
{
	int			i;

	if (a->features != b->features)
		return false;
	for (i = 0; i < a->features; i++)
		if (a->centre[i] != b->centre[i])
			return false;
	for (i = 0; i <= a->features; i++)
		if (a->beta[i] != b->beta[i])
			return false;
	return true;
}

void
logit_step_merge(LogitStep *into, const LogitStep *from)
{
	int			k = into->features;

	into->rows += from->rows;
	into->weight += from->weight;
	into->positives += from->positives;
	num_sum_merge(&into->log_likelihood, &from->log_likelihood);
	linalg_add(into->gradient, from->gradient, k + 1);
	linalg_add(into->hessian, from->hessian, LOGIT_PACKED(k + 1));
	linalg_add(into->unknown, from->unknown, k);
	linalg_add(into->sum, from->sum, k);
	linalg_add(into->square, from->square, k);
}

static bool
all_finite(const double *values, int count)
{
	int			i;

	for (i = 0; i < count; i++)
		if (!isfinite(values[i]))
			return false;
	return true;
}

bool
logit_step_is_finite(const LogitStep *step)
{
	int			k = step->features;

	return isfinite(step->weight) && isfinite(num_sum_value(&step->log_likelihood)) &&
		all_finite(step->gradient, k + 1) &&
		all_finite(step->hessian, LOGIT_PACKED(k + 1)) &&
		all_finite(step->unknown, k) && all_finite(step->sum, k) &&
		all_finite(step->square, k);
}

/* Whole matrix from its packed triangle. */
static void
unpack(const double *packed, int n, double *whole)
{
	int			i;
	int			j;

	for (i = 0; i < n; i++)
		for (j = 0; j <= i; j++)
			whole[i * n + j] = whole[j * n + i] = *packed++;
}

/* pull = P (beta - mean); returns half of (beta - mean)' P (beta - mean) */
static double
prior_pull(const LogitPrior *prior, const double *beta, int n, double *pull)
{
	double		penalty = 0.0;
	int			i;
	int			j;

	memset(pull, 0, sizeof(double) * n);
	if (prior->precision == NULL)
	{
		for (i = 1; i < n; i++)
		{
			pull[i] = prior->ridge * beta[i];
			penalty += pull[i] * beta[i];
		}
		return 0.5 * penalty;
	}
	for (i = 0; i < n; i++)
	{
		double		di = beta[i] - prior->mean[i];

		for (j = 0; j <= i; j++)
		{
			double		pij = prior->precision[LOGIT_PACKED(i) + j];

			pull[i] += pij * (beta[j] - prior->mean[j]);
			if (j < i)
				pull[j] += pij * di;
		}
	}
	for (i = 0; i < n; i++)
		penalty += pull[i] * (beta[i] - prior->mean[i]);
	return 0.5 * penalty;
}

double
logit_log_posterior(const LogitStep *step, const LogitPrior *prior)
{
	double		pull[LOGIT_MAX_COEFFICIENTS];

	return num_sum_value(&step->log_likelihood) -
		prior_pull(prior, step->beta, step->features + 1, pull);
}

LinalgStatus
logit_newton(const LogitStep *step, const LogitPrior *prior, double damping,
			 double *next, double *posterior, double *decrement, double *work)
{
	int			n = step->features + 1;
	double	   *matrix = work;
	double	   *gradient = matrix + n * n;
	double	   *delta = gradient + n;
	LinalgStatus status;
	int			i;

	unpack(step->hessian, n, matrix);
	for (i = 0; i < n; i++)
	{
		int			j;

		if (prior->precision == NULL)
			matrix[i * n + i] += i == 0 ? 0.0 : prior->ridge;
		else
			for (j = 0; j <= i; j++)
				matrix[i * n + j] += prior->precision[LOGIT_PACKED(i) + j];
		if (posterior != NULL)
			for (j = 0; j <= i; j++)
				posterior[LOGIT_PACKED(i) + j] = matrix[i * n + j];
	}
	(void) prior_pull(prior, step->beta, n, gradient);
	for (i = 0; i < n; i++)
	{
		gradient[i] = step->gradient[i] - gradient[i];
		delta[i] = gradient[i];
	}
	status = linalg_solve(matrix, n, delta);
	if (status != LINALG_OK)
		return status;
	*decrement = linalg_dot(gradient, delta, n);
	if (!all_finite(delta, n) || !isfinite(*decrement))
		return LINALG_NOT_FINITE;
	for (i = 0; i < n; i++)
		next[i] = step->beta[i] + damping * delta[i];
	return LINALG_OK;
}

/*
 * Model
 */

void
logit_model_init(LogitModel *model, int features, double *data)
{
	memset(data, 0, sizeof(double) * LOGIT_MODEL_DOUBLES(features));
	model->features = features;
	model->examples = 0;
	model->centre = data;
	model->deviation = model->centre + features;
	model->beta = model->deviation + features;
	model->precision = model->beta + features + 1;
}

LinalgStatus
logit_factor(const LogitModel *model, double *factor)
{
	unpack(model->precision, model->features + 1, factor);
	return linalg_cholesky(factor, model->features + 1);
}

/* Differences from the centre with a leading 1; 0 where unknown. */
static int
centred(const LogitModel *model, const double *x, double *d)
{
	int			unknown = 0;
	int			j;

	d[0] = 1.0;
	for (j = 0; j < model->features; j++)
	{
		d[j + 1] = isnan(x[j]) ? 0.0 : x[j] - model->centre[j];
		if (isnan(x[j]))
			unknown++;
	}
	return unknown;
}

/*
 * E 1 / (1 + exp(-Z)) for Z normal with mean z and variance s2 is close to the
 * logistic function of z times this (MacKay 1992, eq. 10).
 */
static double
moderation(double s2)
{
	return 1.0 / sqrt(1.0 + NUM_PI / 8.0 * s2);
}

/*
 * The log odds are a sum over coefficients and features, each known or not:
 * their variance is d' C d over the known part, C the covariance of the
 * coefficients, plus E (beta_j (x_j - centre_j))^2 = (beta_j^2 + C_jj) sd_j^2
 * for every unknown feature.
 */
LogitPrediction
logit_predict(const LogitModel *model, const double *factor, const double *x,
			  double *work)
{
	int			n = model->features + 1;
	double	   *d = work;
	double	   *unit = work + n;
	double		solved[LOGIT_MAX_COEFFICIENTS];
	LogitPrediction p;
	double		z;
	double		s2;
	double		spread;
	int			j;

	p.unknown = centred(model, x, d);
	z = linalg_dot(model->beta, d, n);
	s2 = linalg_cholesky_quadratic(factor, n, d, solved);
	for (j = 1; j < n && p.unknown > 0; j++)
	{
		double		sd = model->deviation[j - 1];

		if (!isnan(x[j - 1]))
			continue;
		memset(unit, 0, sizeof(double) * n);
		unit[j] = 1.0;
		s2 += (model->beta[j] * model->beta[j] +
			   linalg_cholesky_quadratic(factor, n, unit, solved)) * sd * sd;
	}
	p.logit = moderation(s2) * z;
	p.probability = num_logistic(p.logit);
	spread = LOGIT_INTERVAL_Z * sqrt(s2);
	/* far out the mean of the probability can leave its central interval */
	p.low = fmin(p.probability, num_logistic(z - spread));
	p.high = fmax(p.probability, num_logistic(z + spread));

	memset(d, 0, sizeof(double) * n);
	d[0] = 1.0;
	p.base_logit = model->beta[0] *
		moderation(linalg_cholesky_quadratic(factor, n, d, solved));
	return p;
}

/*
 * p - p0 = p0 (1 - p) (exp(z - z0) - 1), and the same with the two exchanged:
 * written so nothing cancels as they meet, and nothing overflows far apart.
 */
double
logit_slope(double logit, double base_logit)
{
	double		delta = logit - base_logit;

	if (delta == 0.0)
		return num_logistic(base_logit) * num_logistic(-base_logit);
	if (delta < 0.0)
		return num_logistic(base_logit) * num_logistic(-logit) * expm1(delta) / delta;
	return num_logistic(logit) * num_logistic(-base_logit) * expm1(-delta) / -delta;
}

/*
 * Given the row the log posterior is
 *		-(b - beta)' P (b - beta) / 2 + w log p(y | z = d'b),
 * whose mode lies on the line b = beta + a C d, C the inverse of P, where
 * a = w (y - p(z + s a)), s = d' C d.  The right side falls and the left rises
 * in a, so there is one root, between 0 and w (y - p(z)).  Newton's method
 * inside that bracket, halving it where Newton would leave it.
 */
bool
logit_update(LogitModel *model, const double *factor, bool y, const double *x,
			 double weight, double *work)
{
	int			n = model->features + 1;
	double	   *d = work;
	double	   *cd = work + n;
	double		z;
	double		s;
	double		a = 0.0;
	double		edge;
	double		low;
	double		high;
	double		p;
	double		q;
	int			round;
	int			i;
	int			j;

	(void) centred(model, x, d);
	z = linalg_dot(model->beta, d, n);
	memcpy(cd, d, sizeof(double) * n);
	linalg_cholesky_solve(factor, n, cd);
	s = linalg_dot(d, cd, n);
	if (!isfinite(z) || !isfinite(s) || s < 0.0)
		return false;

	edge = weight * (y ? num_logistic(-z) : -num_logistic(z));
	low = fmin(0.0, edge);
	high = fmax(0.0, edge);
	for (round = 0; round < 200; round++)
	{
		double		f;
		double		step;
		double		next;

		p = num_logistic(z + s * a);
		q = num_logistic(-(z + s * a));
		f = a - weight * (y ? q : -p);
		if (f > 0.0)
			high = a;
		else
			low = a;
		step = f / (1.0 + weight * s * p * q);
		next = a - step;
		if (!(next > low && next < high))
			next = low + 0.5 * (high - low);
		if (fabs(next - a) <= DBL_EPSILON * fabs(next) || next == low || next == high)
			break;
		a = next;
	}
	p = num_logistic(z + s * a);
	q = num_logistic(-(z + s * a));
	for (i = 0; i < n; i++)
	{
		model->beta[i] += a * cd[i];
		for (j = 0; j <= i; j++)
			model->precision[LOGIT_PACKED(i) + j] += weight * p * q * d[i] * d[j];
	}
	model->examples++;
	return all_finite(model->beta, n) &&
		all_finite(model->precision, LOGIT_PACKED(n));
}

/*
 * The features of struggle
 */

/*
 * Name, meaning | default, baseline weight, importance of the reference | mean,
 * deviation, coefficient of the prior model.  Where the reference names no
 * default its neutral value stands.  doc/struggle.md argues every coefficient.
 */
const StruggleFeature struggle_features[STRUGGLE_FEATURES] = {
	{"retention_score", "mean retention score of the objective, last 30 days",
	0.5, -0.25, 0.12, 0.70, 0.25, -0.2},
	{"retention_decline_rate", "retention of the oldest less that of the newest days, 0.5 = no change",
	0.5, 0.15, 0.08, 0.45, 0.20, 0.2},
	{"review_lapse_rate", "share of the objective's reviews answered AGAIN, last 30 days",
	0.5, 0.12, 0.06, 0.20, 0.15, 0.3},
	{"session_performance_score", "mean share of good reviews in recent sessions",
	0.5, -0.10, 0.03, 0.75, 0.15, -0.5},
	{"validation_score", "mean score of recent validation responses",
	0.5, -0.08, 0.01, 0.70, 0.20, -0.8},
	{"prerequisite_gap_count", "share of prerequisites not started or at beginner level",
	0.0, 0.20, 0.15, 0.40, 0.45, 0.1},
	{"prerequisite_mastery_gap", "1 less the mean mastery of the prerequisites",
	0.0, 0.15, 0.10, 0.40, 0.30, 1.0},
	{"content_complexity", "0.3 basic, 0.6 intermediate, 0.9 advanced",
	0.5, 0.08, 0.03, 0.55, 0.25, 2.5},
	{"complexity_mismatch", "content complexity less mean mastery of the topic, at least 0",
	0.5, 0.18, 0.07, 0.20, 0.20, 0.2},
	{"historical_struggle_score", "strength of earlier struggle patterns on the topic",
	0.0, 0.20, 0.12, 0.10, 0.25, 1.0},
	{"content_type_mismatch", "content type differs from the preferred one",
	0.0, 0.10, 0.03, 0.05, 0.15, 0.0},
	{"cognitive_load_indicator", "recent cognitive load, 0 = none, 1 = highest",
	0.5, 0.12, 0.05, 0.40, 0.15, 1.0},
	{"days_until_exam", "days to the next exam of the course / 90, 1 = far or none",
	1.0, -0.05, 0.08, 0.60, 0.35, 0.0},
	{"days_since_last_study", "days since the last completed session / 30",
	0.5, 0.08, 0.03, 0.10, 0.15, 0.3},
	{"workload_level", "objectives not mastered / 50",
	0.5, 0.06, 0.04, 0.40, 0.20, 0.2}
};

/*
 * With nothing known the log odds are the intercept, moderated by the variance
 * of everything: so the intercept is logit(rate) over that moderation.
 */
void
struggle_prior_model(LogitModel *model, double rate)
{
	const double coefficient_variance = STRUGGLE_COEFFICIENT_SD * STRUGGLE_COEFFICIENT_SD;
	const double intercept_variance = STRUGGLE_INTERCEPT_SD * STRUGGLE_INTERCEPT_SD;
	double		s2 = intercept_variance;
	int			j;

	model->precision[0] = 1.0 / intercept_variance;
	for (j = 0; j < STRUGGLE_FEATURES; j++)
	{
		const StruggleFeature *f = &struggle_features[j];

		model->centre[j] = f->mean;
		model->deviation[j] = f->deviation;
		model->beta[j + 1] = f->coefficient;
		model->precision[LOGIT_PACKED(j + 1) + j + 1] = 1.0 / coefficient_variance;
		s2 += (f->coefficient * f->coefficient + coefficient_variance) *
			f->deviation * f->deviation;
	}
	model->beta[0] = num_logit(rate) / moderation(s2);
}

const char *
struggle_level(double probability)
{
	if (probability >= STRUGGLE_HIGH)
		return "HIGH";
	if (probability >= STRUGGLE_MEDIUM)
		return "MEDIUM";
	return "LOW";
}

/*
 * The rules of the reference (Epic 5, 2.11 to 2.13)
 */

#define EPIC5_NEUTRAL				0.5
#define EPIC5_NEUTRAL_WIDTH			0.01

void
epic5_fill_defaults(double *x)
{
	int			i;

	for (i = 0; i < STRUGGLE_FEATURES; i++)
		if (isnan(x[i]))
			x[i] = struggle_features[i].epic5_default;
}

double
epic5_data_quality(const double *x)
{
	int			told = 0;
	int			i;

	for (i = 0; i < STRUGGLE_FEATURES; i++)
		if (fabs(x[i] - EPIC5_NEUTRAL) > EPIC5_NEUTRAL_WIDTH)
			told++;
	return (double) told / STRUGGLE_FEATURES;
}

/*
 * The terms of 2.12: a term fires above "above" (and not above "upto") and
 * gives weight * (x - offset).  Retention fires below its threshold, which is
 * the one reversed row.
 */
typedef struct Epic5Term
{
	StruggleFeatureNumber feature;
	bool		below;			/* fires below the threshold instead */
	double		threshold;
	double		upto;
	double		weight;
	double		offset;
} Epic5Term;

#define NO_UPPER_END	HUGE_VAL

static const Epic5Term epic5_terms[EPIC5_TERMS] = {
	{RETENTION_SCORE, true, 0.5, NO_UPPER_END, 0.4, 0.5},
	{PREREQUISITE_GAP_COUNT, false, 0.5, NO_UPPER_END, 0.35, 0.0},
	{COMPLEXITY_MISMATCH, false, 0.6, NO_UPPER_END, 0.5, 0.6},
	{HISTORICAL_STRUGGLE_SCORE, false, 0.7, NO_UPPER_END, 0.4, 0.7},
	{PREREQUISITE_GAP_COUNT, false, 0.2, 0.5, 0.15, 0.0},
	{CONTENT_TYPE_MISMATCH, false, 0.5, NO_UPPER_END, 0.2, 0.5},
	{REVIEW_LAPSE_RATE, false, 0.4, NO_UPPER_END, 0.15, 0.0},
	{COGNITIVE_LOAD_INDICATOR, false, 0.7, NO_UPPER_END, 0.3, 0.7}
};

#define EPIC5_BASELINE_INTERCEPT	0.3
#define EPIC5_BASELINE_BELOW		0.4

int
epic5_term_feature(int term)
{
	return epic5_terms[term].feature;
}

double
epic5_term_weight(int term)
{
	return epic5_terms[term].below ? -epic5_terms[term].weight : epic5_terms[term].weight;
}

Epic5Struggle
epic5_struggle(const double *x)
{
	Epic5Struggle r;
	double		before;
	int			i;

	memset(&r, 0, sizeof(r));
	for (i = 0; i < EPIC5_TERMS; i++)
	{
		const Epic5Term *t = &epic5_terms[i];
		double		v = x[t->feature];

		r.triggered[i] = t->below ? v < t->threshold : v > t->threshold && v <= t->upto;
		if (r.triggered[i])
			r.term[i] = t->weight * (t->below ? t->offset - v : v - t->offset);
		r.sum += r.term[i];
	}
	r.baseline = EPIC5_BASELINE_INTERCEPT;
	for (i = 0; i < STRUGGLE_FEATURES; i++)
		r.baseline += struggle_features[i].epic5_weight * x[i];
	r.baseline = num_clamp(r.baseline, 0.0, 1.0);

	before = r.sum;
	if (before < EPIC5_BASELINE_BELOW && r.baseline > before)
	{
		r.floor = r.baseline - before;
		before = r.baseline;
	}
	r.probability = fmin(1.0, before);
	r.cap = r.probability - before;
	r.confidence = 0.5 + 0.5 * epic5_data_quality(x);
	return r;
}

typedef struct Epic5Protective
{
	StruggleFeatureNumber feature;
	bool		below;
	double		threshold;
} Epic5Protective;

static const Epic5Protective epic5_protectives[] = {
	{RETENTION_SCORE, false, 0.7},
	{PREREQUISITE_GAP_COUNT, true, 0.2},
	{SESSION_PERFORMANCE_SCORE, false, 0.7},
	{VALIDATION_SCORE, false, 0.7},
	{DAYS_UNTIL_EXAM, false, 0.5}
};

int
epic5_protective(const double *x, int *features)
{
	int			count = 0;
	size_t		i;

	for (i = 0; i < sizeof(epic5_protectives) / sizeof(epic5_protectives[0]); i++)
	{
		const Epic5Protective *p = &epic5_protectives[i];

		if (p->below ? x[p->feature] < p->threshold : x[p->feature] > p->threshold)
			features[count++] = p->feature;
	}
	return count;
}

Epic5Class
epic5_struggle_class(const double *x)
{
	double		forgotten = 1.0 - x[RETENTION_SCORE];
	double		gap = x[PREREQUISITE_GAP_COUNT];
	double		mismatch = x[COMPLEXITY_MISMATCH];
	double		history = x[HISTORICAL_STRUGGLE_SCORE];
	double		type = x[CONTENT_TYPE_MISMATCH];
	double		load = x[COGNITIVE_LOAD_INDICATOR];
	Epic5Class	r;

	if (x[RETENTION_SCORE] < 0.5 || gap > 0.5 || mismatch > 0.6 || history > 0.7)
	{
		r.name = "HIGH";
		r.probability = fmin(1.0, 0.7 + 0.3 * forgotten + 0.3 * gap +
							 0.2 * mismatch + 0.2 * history);
	}
	else if (x[RETENTION_SCORE] < 0.7 || gap > 0.2 || type > 0.5 || load > 0.7)
	{
		r.name = "MEDIUM";
		r.probability = fmin(0.7, 0.4 + 0.3 * (0.4 * forgotten + 0.3 * gap +
											   0.2 * type + 0.1 * load));
	}
	else
	{
		r.name = "LOW";
		r.probability = 0.1 + 0.3 * (0.3 * forgotten +
									 0.3 * x[DAYS_SINCE_LAST_STUDY] +
									 0.2 * x[WORKLOAD_LEVEL] +
									 0.2 * (1.0 - x[SESSION_PERFORMANCE_SCORE]));
	}
	/* a gap share is never negative: the last 0.2 of 2.13 is always given */
	r.confidence = fmin(1.0, 0.6 * epic5_data_quality(x) +
						(history > 0.0 ? 0.2 : 0.0) + 0.2);
	return r;
}
