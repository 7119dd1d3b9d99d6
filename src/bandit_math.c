/*
 * bandit_math.c
 *		The mathematics of the bandit family.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bandit_math.h"
#include "special.h"

BanditBeta
bandit_beta(const NumMoments *rewards, double prior_alpha, double prior_beta)
{
	BanditBeta	p;
	double		failures = rewards->n - rewards->sx;

	p.alpha = prior_alpha + rewards->sx;
	/* rounding may leave a sum of ones a hair above their number */
	p.beta = prior_beta + (failures > 0 ? failures : 0);
	return p;
}

double
bandit_beta_mean(BanditBeta p)
{
	return p.alpha / (p.alpha + p.beta);
}

double
bandit_beta_variance(BanditBeta p)
{
	double		sum = p.alpha + p.beta;

	return p.alpha * p.beta / (sum * sum * (sum + 1.0));
}

BanditStudentPrior
bandit_student_prior(const NumMoments *arms, int count)
{
	BanditStudentPrior prior;
	NumMoments	all = {0, 0, 0};
	int			i;

	for (i = 0; i < count; i++)
		num_moments_merge(&all, &arms[i]);
	prior.location = all.n > 0 ? all.sx / all.n : 0.0;
	prior.variance = all.n > 1 && all.sxx > 0 ? all.sxx / all.n : 1.0;
	return prior;
}

BanditStudent
bandit_student(const NumMoments *rewards, BanditStudentPrior prior)
{
	BanditStudent p;
	double		n = rewards->n;
	double		mean = n > 0 ? rewards->sx / n : prior.location;
	double		shift = mean - prior.location;

	/* strength 1, shape 1 and rate = variance before any reward */
	p.strength = 1.0 + n;
	p.location = (prior.location + rewards->sx) / p.strength;
	p.shape = 1.0 + n / 2.0;
	p.rate = prior.variance + 0.5 * rewards->sxx +
		0.5 * n * shift * shift / p.strength;
	p.df = 2.0 * p.shape;
	p.scale = sqrt(p.rate / (p.shape * p.strength));
	return p;
}

/* ln(total), which a discounted history of less than one pull makes negative. */
static double
log_total(double total)
{
	return total > 1.0 ? log(total) : 0.0;
}

double
bandit_ucb1(const NumMoments *rewards, double total)
{
	return rewards->sx / rewards->n +
		sqrt(2.0 * log_total(total) / rewards->n);
}

double
bandit_ucb_tuned(const NumMoments *rewards, double total)
{
	double		n = rewards->n;
	double		l = log_total(total);
	double		v = rewards->sxx / n + sqrt(2.0 * l / n);

	/* 1/4 is the largest variance of a reward in [0, 1] */
	return rewards->sx / n + sqrt(l / n * (v < 0.25 ? v : 0.25));
}

static double
bernoulli_kl(double p, double q)
{
	double		kl = 0.0;

	if (p > 0.0)
		kl += p * log(p / q);
	if (p < 1.0)
		kl += (1.0 - p) * log((1.0 - p) / (1.0 - q));
	return kl;
}

double
bandit_kl_ucb(const NumMoments *rewards, double total)
{
	double		mean = rewards->sx / rewards->n;
	double		bound = log_total(total) / rewards->n;
	double		low;
	double		high = 1.0;
	int			i;

	mean = num_clamp(mean, 0.0, 1.0);
	low = mean;
	for (i = 0; i < 60; i++)
	{
		double		middle = 0.5 * (low + high);

		if (bernoulli_kl(mean, middle) <= bound)
			low = middle;
		else
			high = middle;
	}
	return low;
}

double
bandit_epsilon(double epsilon, double decay, double floor, int arms, double pulls)
{
	double		share = epsilon;

	if (decay >= 0.0 && pulls > 0.0)
	{
		double		scheduled = decay * arms / pulls;

		if (scheduled < share)
			share = scheduled;
	}
	return share > floor ? share : floor;
}

/*
 * Probability of being best.
 *
 *		P(i best) = integral of f_i(x) prod_{j != i} F_j(x) dx
 *
 * by composite 8-point Gauss-Legendre.  The Fs are integrated along with the fs
 * on the same nodes, so that only densities are evaluated: the value of an F at
 * a node is its value at the start of the panel plus the integral of the
 * interpolated density up to the node (integration_matrix).
 *
 * Panels follow the posteriors: their borders are each posterior's centre plus
 * and minus some scales.  Beta densities are integrated in theta with
 * x = sin^2(theta), where every posterior has the width 1/(2 sqrt(alpha + beta + 1))
 * and, for parameters of at least 1/2, no singular end.
 */
#define NODES 8
#define BETA_BORDERS 13
#define STUDENT_BORDERS 45
#define END_BORDERS 24

typedef struct Density
{
	bool		is_beta;
	double		a;				/* 2 alpha - 1, or location */
	double		b;				/* 2 beta - 1, or scale */
	double		c;				/* log of the constant */
	double		df;
} Density;

typedef struct Place
{
	double		x;
	double		log_sin;
	double		log_cos;
} Place;

static double
density_at(const Density *d, const Place *place)
{
	if (d->is_beta)
		return exp(d->a * place->log_sin + d->b * place->log_cos + d->c);
	else
	{
		double		z = (place->x - d->a) / d->b;

		return exp(d->c - 0.5 * (d->df + 1.0) * log1p(z * z / d->df));
	}
}

/*
 * Of sine and cosine the one near 1 has no digits left in which its logarithm
 * could be seen; the other has.
 */
static Place
place_at(double x, bool is_beta)
{
	Place		place = {x, 0.0, 0.0};
	double		s = sin(x);
	double		c = cos(x);

	if (is_beta)
	{
		place.log_sin = s < c ? log(s) : 0.5 * log1p(-c * c);
		place.log_cos = s < c ? 0.5 * log1p(-s * s) : log(c);
	}
	return place;
}

static int
compare_doubles(const void *a, const void *b)
{
	double		left = *(const double *) a;
	double		right = *(const double *) b;

	return (left > right) - (left < right);
}

/*
 * m[i][j]: weight of the density at node j in its integral from -1 to node i.
 * From the Legendre expansion of the interpolating polynomial:
 * integral of P_n up to x = (P_{n+1}(x) - P_{n-1}(x)) / (2n + 1).
 */
static void
integration_matrix(const SpecialQuadrature *legendre, double m[NODES][NODES])
{
	double		p[NODES][NODES + 1];
	int			i;
	int			j;
	int			n;

	for (i = 0; i < NODES; i++)
	{
		double		x = legendre->nodes[i];

		p[i][0] = 1.0;
		p[i][1] = x;
		for (n = 1; n < NODES; n++)
			p[i][n + 1] = ((2 * n + 1) * x * p[i][n] - n * p[i][n - 1]) / (n + 1);
	}
	for (i = 0; i < NODES; i++)
		for (j = 0; j < NODES; j++)
		{
			double		sum = legendre->nodes[i] + 1.0;

			for (n = 1; n < NODES; n++)
				sum += p[j][n] * (p[i][n + 1] - p[i][n - 1]);
			m[i][j] = 0.5 * legendre->weights[j] * sum;
		}
}

long
bandit_work_doubles(int count)
{
	long		borders = (long) count * STUDENT_BORDERS + 2 * END_BORDERS + 2;
	long		densities = (long) count * (sizeof(Density) / sizeof(double) + 1);

	/* borders, densities, F at the panel's start, f and F at nodes, products */
	return borders + densities + count + 2L * NODES * count + 2L * (count + 1);
}

/*
 * A posterior narrower than the spacing of doubles is a point for all that can
 * be told: the largest mean is best.
 */
static void
share_among_largest(const Density *densities, int count, double *probability)
{
	double		best = -HUGE_VAL;
	int			ties = 0;
	int			i;

	for (i = 0; i < count; i++)
	{
		const Density *d = &densities[i];

		probability[i] = d->is_beta ? (d->a + 1.0) / (d->a + d->b + 2.0) : d->a;
		if (probability[i] > best)
		{
			best = probability[i];
			ties = 0;
		}
		if (probability[i] == best)
			ties++;
	}
	for (i = 0; i < count; i++)
		probability[i] = probability[i] == best ? 1.0 / ties : 0.0;
}

static void
best_by_quadrature(const Density *densities, int count, double *borders,
				   int border_count, bool is_beta, double min_width,
				   double *probability, double *work)
{
	const SpecialQuadrature *legendre = special_gauss_legendre(NODES);
	double		m[NODES][NODES];
	double	   *start = work;
	double	   *f = start + count;
	double	   *cdf = f + (long) NODES * count;
	double	   *below = cdf + (long) NODES * count;
	double	   *above = below + count + 1;
	double		total = 0.0;
	int			panel;
	int			kept = 0;
	int			i;
	int			k;

	integration_matrix(legendre, m);
	qsort(borders, border_count, sizeof(double), compare_doubles);
	for (i = 1; i < border_count; i++)
	{
		/* the last border stays, whatever lies close before it */
		if (borders[i] - borders[kept] >= min_width)
			borders[++kept] = borders[i];
		else if (i == border_count - 1 && kept > 0)
			borders[kept] = borders[i];
	}
	border_count = kept + 1;

	memset(start, 0, sizeof(double) * count);
	memset(probability, 0, sizeof(double) * count);
	for (panel = 0; panel + 1 < border_count; panel++)
	{
		double		half = 0.5 * (borders[panel + 1] - borders[panel]);
		double		middle = borders[panel] + half;

		for (k = 0; k < NODES; k++)
		{
			Place		place = place_at(middle + half * legendre->nodes[k], is_beta);

			for (i = 0; i < count; i++)
				f[(long) i * NODES + k] = half * density_at(&densities[i], &place);
		}
		for (i = 0; i < count; i++)
		{
			const double *fi = f + (long) i * NODES;
			double		whole = 0.0;
			int			j;

			for (k = 0; k < NODES; k++)
			{
				double		sum = 0.0;

				for (j = 0; j < NODES; j++)
					sum += m[k][j] * fi[j];
				cdf[(long) i * NODES + k] = num_clamp(start[i] + sum, 0.0, 1.0);
				whole += legendre->weights[k] * fi[k];
			}
			start[i] += whole;
		}
		for (k = 0; k < NODES; k++)
		{
			/* product over the others without a division */
			below[0] = 1.0;
			for (i = 0; i < count; i++)
				below[i + 1] = below[i] * cdf[(long) i * NODES + k];
			above[count] = 1.0;
			for (i = count - 1; i >= 0; i--)
				above[i] = above[i + 1] * cdf[(long) i * NODES + k];
			for (i = 0; i < count; i++)
				probability[i] += legendre->weights[k] *
					f[(long) i * NODES + k] * below[i] * above[i + 1];
		}
	}
	for (i = 0; i < count; i++)
		total += probability[i];
	if (!(total > 0.0) || !num_is_finite(total))
	{
		share_among_largest(densities, count, probability);
		return;
	}
	for (i = 0; i < count; i++)
		probability[i] /= total;
}

void
bandit_beta_best(const BanditBeta *arms, int count, double *probability,
				 double *work)
{
	static const double steps[BETA_BORDERS] = {
		-9, -6, -4, -2.5, -1.5, -0.7, 0, 0.7, 1.5, 2.5, 4, 6, 9
	};
	Density    *densities = (Density *) work;
	double	   *borders = work + (long) count * (sizeof(Density) / sizeof(double) + 1);
	const double right = asin(1.0);
	double		min_width = right;
	int			used = 0;
	int			i;
	int			s;

	borders[used++] = 0.0;
	borders[used++] = right;
	/* towards the ends, where small parameters bend the density */
	for (s = 1; s <= END_BORDERS; s++)
	{
		double		step = right * ldexp(1.0, -s);

		borders[used++] = step;
		borders[used++] = right - step;
	}
	for (i = 0; i < count; i++)
	{
		double		sum = arms[i].alpha + arms[i].beta;
		double		centre = asin(sqrt(arms[i].alpha / sum));
		double		width = 0.5 / sqrt(sum + 1.0);

		densities[i].is_beta = true;
		densities[i].a = 2.0 * arms[i].alpha - 1.0;
		densities[i].b = 2.0 * arms[i].beta - 1.0;
		densities[i].c = log(2.0) - special_lbeta(arms[i].alpha, arms[i].beta);
		densities[i].df = 0.0;
		if (width < min_width)
			min_width = width;
		for (s = 0; s < BETA_BORDERS; s++)
		{
			double		border = centre + steps[s] * width;

			if (border > 0.0 && border < right)
				borders[used++] = border;
		}
	}
	best_by_quadrature(densities, count, borders, used, true, 1e-3 * min_width,
					   probability, borders + used);
}

void
bandit_student_best(const BanditStudent *arms, int count, double *probability,
					double *work)
{
	Density    *densities = (Density *) work;
	double	   *borders = work + (long) count * (sizeof(Density) / sizeof(double) + 1);
	double		min_scale = HUGE_VAL;
	int			used = 0;
	int			i;
	int			s;

	for (i = 0; i < count; i++)
	{
		densities[i].is_beta = false;
		densities[i].a = arms[i].location;
		densities[i].b = arms[i].scale;
		densities[i].df = arms[i].df;
		densities[i].c = special_lgamma(0.5 * (arms[i].df + 1.0)) -
			special_lgamma(0.5 * arms[i].df) -
			0.5 * log(arms[i].df * acos(-1.0)) - log(arms[i].scale);
		if (arms[i].scale < min_scale)
			min_scale = arms[i].scale;
		borders[used++] = arms[i].location;
		/* two degrees of freedom leave 1e-10 beyond 2^16 scales */
		for (s = 0; s < (STUDENT_BORDERS - 1) / 2; s++)
		{
			double		step = arms[i].scale * 0.5 * pow(1.75, s);

			borders[used++] = arms[i].location + step;
			borders[used++] = arms[i].location - step;
		}
	}
	best_by_quadrature(densities, count, borders, used, false, 1e-3 * min_scale,
					   probability, borders + used);
}
