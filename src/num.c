/*
 * num.c
 *		Sums, moments, order statistics and small scalar functions over doubles.
 */
#include "num.h"

#include <float.h>
#include <math.h>

/* ---------------------------------------------------------------------------
 * Compensated sum
 * ---------------------------------------------------------------------------
 */

void
num_sum_init(NumSum *s)
{
	s->sum = 0.0;
	s->comp = 0.0;
}

/*
 * Neumaier (1974): the rounding error of a + b is exactly
 *		(a - (a + b)) + b		for |a| >= |b|
 * and the other way round; Kahan's own form loses it when the new term is the
 * larger one.
 */
void
num_sum_add(NumSum *s, double x)
{
	double		t = s->sum + x;

	if (fabs(s->sum) >= fabs(x))
		s->comp += (s->sum - t) + x;
	else
		s->comp += (x - t) + s->sum;
	s->sum = t;
}

void
num_sum_merge(NumSum *s, const NumSum *other)
{
	double		comp = other->comp;

	num_sum_add(s, other->sum);
	s->comp += comp;
}

double
num_sum_value(const NumSum *s)
{
	/* After an overflow the compensation is a difference of infinities. */
	if (!num_is_finite(s->sum))
		return isnan(s->sum) ? INFINITY : s->sum;
	return s->sum + s->comp;
}

/* ---------------------------------------------------------------------------
 * Moments
 *
 * Adding x with weight w to n, Sx, Sxx, with N = n + w and S = Sx + w x:
 *
 *	The old mean m = Sx/n moves to M = S/N.  From S = n m + w x:
 *		x - M = (N x - n m - w x) / N = n (x - m) / N
 *		M - m = w (x - m) / N
 *	The sum of squares about the new mean is
 *		Sxx + n (M - m)^2 + w (x - M)^2
 *		  = Sxx + (n w^2 + w n^2) (x - m)^2 / N^2
 *		  = Sxx + w n (x - m)^2 / N
 *	Youngs and Cramer write (N x - S)^2 w / (N n), the same by x - M above.  Here
 *	the old mean is used: where w is far larger than n, x - M is mostly rounding
 *	and would be blown up by N / n.
 *
 * Merging a and b, with the common mean M and d = ma - mb:
 *		ma - M = nb d / N,	M - mb = na d / N
 *		Sxx = Sxxa + Sxxb + na (ma - M)^2 + nb (mb - M)^2
 *			= Sxxa + Sxxb + na nb d^2 / N
 *
 * The products of two variables follow with x y in place of x^2.
 *
 * A column of one repeated value must come out with no variance at all: a
 * correlation or slope of rounding noise would pass for a result.  The sum of
 * equal values does not divide back to the value exactly, so while Sxx is 0 a
 * value that differs from the mean by rounding alone counts as equal to it, and
 * the sum is kept as value times weight, which stops errors from piling up.
 * ---------------------------------------------------------------------------
 */

/* Equal up to the rounding of one product and one quotient? */
static bool
same_value(double x, double y)
{
	return fabs(x - y) <= 4.0 * DBL_EPSILON * fabs(y);
}

/*
 * Takes x with weight w into one variable's sum.  Returns x - m, 0 for the first
 * row; n is the weight before, total the one after.
 */
static double
add_variable(double *sx, bool constant, double x, double w,
			 double n, double total)
{
	double		mean;

	if (!(n > 0.0))
	{
		*sx = w * x;
		return 0.0;
	}
	mean = *sx / n;
	if (constant && same_value(x, mean))
	{
		*sx = x * total;
		return 0.0;
	}
	*sx += w * x;
	return x - mean;
}

/* Merges one variable's sum.  Returns ma - mb. */
static double
merge_variable(double *sx, bool constant, double other_sx,
			   double n, double other_n)
{
	double		mean = *sx / n;
	double		other_mean = other_sx / other_n;

	if (constant && same_value(other_mean, mean))
	{
		*sx = mean * (n + other_n);
		return 0.0;
	}
	*sx += other_sx;
	return mean - other_mean;
}

void
num_moments_init(NumMoments *m)
{
	m->n = 0.0;
	m->sx = 0.0;
	m->sxx = 0.0;
}

void
num_moments_add(NumMoments *m, double x, double w)
{
	double		n = m->n;
	double		total;
	double		d;

	if (!(w > 0.0))
		return;

	total = n + w;
	d = add_variable(&m->sx, m->sxx == 0.0, x, w, n, total);
	m->sxx += w * (n / total) * d * d;
	m->n = total;
}

void
num_moments_merge(NumMoments *m, const NumMoments *other)
{
	NumMoments	o = *other;
	double		d;

	if (!(o.n > 0.0))
		return;
	if (!(m->n > 0.0))
	{
		*m = o;
		return;
	}

	d = merge_variable(&m->sx, m->sxx == 0.0 && o.sxx == 0.0, o.sx,
					   m->n, o.n);
	m->sxx += o.sxx + m->n * (o.n / (m->n + o.n)) * d * d;
	m->n += o.n;
}

bool
num_moments_is_finite(const NumMoments *m)
{
	return num_is_finite(m->n) && num_is_finite(m->sx) && num_is_finite(m->sxx);
}

double
num_moments_mean(const NumMoments *m)
{
	return m->n > 0.0 ? m->sx / m->n : NAN;
}

double
num_moments_var_pop(const NumMoments *m)
{
	return m->n > 0.0 ? m->sxx / m->n : NAN;
}

double
num_moments_var_samp(const NumMoments *m)
{
	return m->n > 1.0 ? m->sxx / (m->n - 1.0) : NAN;
}

double
num_moments_sd(const NumMoments *m)
{
	return m->n > 1.0 ? sqrt(num_moments_var_samp(m)) : NAN;
}

void
num_comoments_init(NumCoMoments *m)
{
	m->n = 0.0;
	m->sx = 0.0;
	m->sy = 0.0;
	m->sxx = 0.0;
	m->syy = 0.0;
	m->sxy = 0.0;
}

void
num_comoments_add(NumCoMoments *m, double x, double y, double w)
{
	double		n = m->n;
	double		total;
	double		scale;
	double		dx;
	double		dy;

	if (!(w > 0.0))
		return;

	total = n + w;
	dx = add_variable(&m->sx, m->sxx == 0.0, x, w, n, total);
	dy = add_variable(&m->sy, m->syy == 0.0, y, w, n, total);
	scale = w * (n / total);
	m->sxx += scale * dx * dx;
	m->syy += scale * dy * dy;
	m->sxy += scale * dx * dy;
	m->n = total;
}

void
num_comoments_merge(NumCoMoments *m, const NumCoMoments *other)
{
	NumCoMoments o = *other;
	double		scale;
	double		dx;
	double		dy;

	if (!(o.n > 0.0))
		return;
	if (!(m->n > 0.0))
	{
		*m = o;
		return;
	}

	scale = m->n * (o.n / (m->n + o.n));
	dx = merge_variable(&m->sx, m->sxx == 0.0 && o.sxx == 0.0, o.sx,
						m->n, o.n);
	dy = merge_variable(&m->sy, m->syy == 0.0 && o.syy == 0.0, o.sy,
						m->n, o.n);
	m->sxx += o.sxx + scale * dx * dx;
	m->syy += o.syy + scale * dy * dy;
	m->sxy += o.sxy + scale * dx * dy;
	m->n += o.n;
}

bool
num_comoments_is_finite(const NumCoMoments *m)
{
	return num_is_finite(m->n) &&
		num_is_finite(m->sx) && num_is_finite(m->sy) &&
		num_is_finite(m->sxx) && num_is_finite(m->syy) &&
		num_is_finite(m->sxy);
}

/*
 * The line minimises the sum of w (y - i - s x)^2: setting both derivatives to
 * zero gives s = Sxy / Sxx and i = mean y - s mean x.
 */
double
num_comoments_slope(const NumCoMoments *m)
{
	if (!(m->n > 0.0) || !(m->sxx > 0.0))
		return NAN;
	return m->sxy / m->sxx;
}

double
num_comoments_intercept(const NumCoMoments *m)
{
	if (!(m->n > 0.0) || !(m->sxx > 0.0))
		return NAN;
	return m->sy / m->n - m->sxy / m->sxx * (m->sx / m->n);
}

double
num_comoments_r(const NumCoMoments *m)
{
	if (!(m->n > 0.0) || !(m->sxx > 0.0) || !(m->syy > 0.0))
		return NAN;
	/* Two roots: the product of the two sums may leave the range. */
	return num_clamp(m->sxy / sqrt(m->sxx) / sqrt(m->syy), -1.0, 1.0);
}

double
num_comoments_cov_samp(const NumCoMoments *m)
{
	return m->n > 1.0 ? m->sxy / (m->n - 1.0) : NAN;
}

/* ---------------------------------------------------------------------------
 * Scalars
 * ---------------------------------------------------------------------------
 */

double
num_clamp(double x, double lo, double hi)
{
	if (x > hi)
		x = hi;
	if (x < lo)
		x = lo;
	return x;
}

bool
num_is_finite(double x)
{
	return isfinite(x) != 0;
}

/*
 * x - floor(x) is exact, or where it is not (small negative x) still on the
 * right side of 1/2; x + 0.5 is not, near 0.5 and from 2^52 on.
 */
double
num_round_half_up(double x)
{
	double		below = floor(x);

	if (x - below >= 0.5)
		below += 1.0;
	/* -0 + 0 is +0 */
	return below + 0.0;
}

/*
 * From 34 on exp(-x) is less than half a unit in the last place of x.
 */
double
num_log1pexp(double x)
{
	if (x > 34.0)
		return x;
	if (x > 0.0)
		return x + log1p(exp(-x));
	return log1p(exp(x));
}

double
num_logistic(double x)
{
	double		e;

	if (x >= 0.0)
		return 1.0 / (1.0 + exp(-x));
	e = exp(x);
	return e / (1.0 + e);
}

/*
 * Around 1/2 the quotient is close to 1 and its logarithm would keep few
 * digits; there 2p - 1 is exact, and p / (1 - p) = 1 + (2p - 1) / (1 - p).
 */
double
num_logit(double p)
{
	if (!(p >= 0.0 && p <= 1.0))
		return NAN;
	if (p > 0.25 && p < 0.75)
		return log1p((2.0 * p - 1.0) / (1.0 - p));
	if (p < 0.5)
		return log(p) - log1p(-p);
	return log(p / (1.0 - p));
}

/* ---------------------------------------------------------------------------
 * Order statistics
 * ---------------------------------------------------------------------------
 */

static void
swap(double *a, double *b)
{
	double		t = *a;

	*a = *b;
	*b = t;
}

static void
sift_down(double *v, size_t root, size_t n)
{
	for (;;)
	{
		size_t		child = 2 * root + 1;

		if (child >= n)
			return;
		if (child + 1 < n && v[child] < v[child + 1])
			child++;
		if (!(v[root] < v[child]))
			return;
		swap(&v[root], &v[child]);
		root = child;
	}
}

static void
heap_sort(double *v, size_t n)
{
	size_t		i;

	for (i = n / 2; i > 0; i--)
		sift_down(v, i - 1, n);
	for (i = n; i > 1; i--)
	{
		swap(&v[0], &v[i - 1]);
		sift_down(v, 0, i - 1);
	}
}

/*
 * Quickselect with three-way partition around a median of three; an input
 * that keeps defeating the pivots falls back to a sort of what is left.
 */
double
num_select(double *values, size_t n, size_t k)
{
	size_t		lo = 0;
	size_t		hi = n;			/* one past the end */
	int			budget = 8;
	size_t		size;

	if (k >= n)
		return NAN;

	for (size = n; size > 1; size /= 2)
		budget += 2;

	while (hi - lo > 1)
	{
		double		a = values[lo];
		double		b = values[lo + (hi - lo) / 2];
		double		c = values[hi - 1];
		double		pivot;
		size_t		less = lo;	/* values[lo .. less) < pivot */
		size_t		i = lo;		/* values[less .. i) = pivot */
		size_t		more = hi;	/* values[more .. hi) > pivot */

		if (budget-- == 0)
		{
			heap_sort(values + lo, hi - lo);
			break;
		}

		if (a < b)
			pivot = (b < c) ? b : (a < c) ? c : a;
		else
			pivot = (a < c) ? a : (b < c) ? c : b;

		while (i < more)
		{
			if (values[i] < pivot)
				swap(&values[less++], &values[i++]);
			else if (values[i] > pivot)
				swap(&values[i], &values[--more]);
			else
				i++;
		}

		if (k < less)
			hi = less;
		else if (k >= more)
			lo = more;
		else
			break;
	}
	return values[k];
}

/* a + f (b - a) for a <= b, 0 <= f <= 1, without overflow, within [a, b]. */
static double
interpolate(double a, double b, double f)
{
	double		width = b - a;

	if (a == b)
		return a;
	if (!num_is_finite(width))
		return (1.0 - f) * a + f * b;
	return num_clamp(a + f * width, a, b);
}

double
num_quantile(double *values, size_t n, double p)
{
	double		place;
	double		fraction;
	double		below;
	double		above;
	size_t		k;
	size_t		i;

	if (n == 0 || !(p >= 0.0 && p <= 1.0))
		return NAN;

	place = p * (double) (n - 1);
	k = (size_t) floor(place);
	fraction = place - floor(place);
	below = num_select(values, n, k);
	if (fraction == 0.0 || k + 1 >= n)
		return below;

	/* Selection left everything behind k at or above it. */
	above = values[k + 1];
	for (i = k + 2; i < n; i++)
	{
		if (values[i] < above)
			above = values[i];
	}
	return interpolate(below, above, fraction);
}

double
num_median(double *values, size_t n)
{
	return num_quantile(values, n, 0.5);
}

double
num_mad(double *values, size_t n)
{
	double		median = num_median(values, n);
	size_t		i;

	for (i = 0; i < n; i++)
		values[i] = fabs(values[i] - median);
	return num_median(values, n);
}
