/*
 * special.c
 *		Special functions, distributions, quadrature tables, multiplicity.
 *
 * How the two incomplete functions keep their relative accuracy in both tails:
 *
 *	- The factor in front, x^a (1-x)^b / B(a, b) or x^a exp(-x) / Gamma(a), is a
 *	  difference of logarithms as large as the parameters times a logarithm.  It
 *	  is written as Stirling's formula around the mode (Loader 2000): what is
 *	  left is a deviance, a * (u - log(1 + u)) with the relative distance u from
 *	  the mode, which is small where the probability is not.
 *	- Behind it stands a continued fraction or, for a shape parameter up to 1, a
 *	  power series, each on the side of the mode where it converges fast and
 *	  does not cancel.  The other tail is the complement; for a small shape
 *	  parameter it may be far below 1, and is then put together from expm1 and
 *	  the series instead of subtracting from 1.
 */
#include "special.h"

#include <float.h>
#include <math.h>

#include "num.h"

/*
 * Rounds of a series or fraction.  They grow with the root of the smaller shape
 * parameter: up to 10^4 at 10^6, up to 10^6 at the limits below, where a
 * normal approximation takes over.
 */
#define MAX_TERMS		1000000
#define GAMMA_LARGE		1e10
#define BETA_LARGE		1e15

/* Rounds of a root search; bisection alone would need fewer. */
#define MAX_STEPS		200

/* Below this no exp() is greater than zero. */
#define LOG_UNDERFLOW	(-745.2)

#define SMALLEST		4.9406564584124654e-324

/* Taylor coefficients of log gamma(2 + z) / z: 1 - Euler's constant, then
 * (-1)^(k+1) (zeta(k+1) - 1) / (k+1). */
static const double lgamma_near_2[] = {
	0.42278433509846713939, 0.32246703342411321824,
	-0.067352301053198095133, 0.020580808427784547879,
	-0.0073855510286739852663, 0.0028905103307415232858,
	-0.0011927539117032609771, 0.00050966952474304242234,
	-0.00022315475845357937976, 0.000099457512781808533715,
	-0.0000449262367381331417, 0.000020507212775670691553,
	-9.439488275268395904e-6, 4.3748667899074878042e-6,
	-2.0392157538013662368e-6, 9.5514121304074198329e-7,
	-4.4924691987645660433e-7, 2.1207184805554665869e-7,
	-1.0043224823968099609e-7, 4.7698101693639805658e-8,
	-2.271109460894316491e-8, 1.0838659214896954091e-8,
	-5.1834750419700466551e-9, 2.4836745438024783172e-9,
	-1.1921401405860912074e-9, 5.7313672416788620133e-10,
	-2.7595228851242331452e-10, 1.3304764374244489481e-10
};

/* The zero of digamma in two parts, and the Taylor coefficients of
 * digamma / (x - zero) there: polygamma(k, zero) / k!. */
#define DIGAMMA_ZERO		1.4616321449683622458
#define DIGAMMA_ZERO_REST	9.5499954299656977152e-17

static const double digamma_near_zero[] = {
	0.96767224544762117043, -0.44276316898359210609,
	0.25849976095565101062, -0.1639427054424065275,
	0.10782405069126236576, -0.072199561256454710926,
	0.048804288164143107225, -0.033161126474847359292,
	0.02259764823221810466, -0.015424765904948959139,
	0.010538791616612175388, -0.007204534386356868241,
	0.0049267813957298534464, -0.0033698016554393280828,
	0.0023051263267349278369, -0.0015769367714301972593,
	0.0010788252019162965807, -0.00073807093899600512957,
	0.00050495326583460203518, -0.00034546802510630769956,
	0.00023635601564027052792, -0.00016170622091974803449,
	0.00011063372768747410904, -0.000075691795821950659192,
	0.00005178575795222080869, -0.000035430070947659606316,
	0.000024240066118601317653
};

/* ---------------------------------------------------------------------------
 * Gamma and beta functions
 * ---------------------------------------------------------------------------
 */

static double
polynomial(const double *coefficient, size_t count, double z)
{
	double		sum = 0.0;

	while (count > 0)
		sum = sum * z + coefficient[--count];
	return sum;
}

/* log gamma(2 + z), |z| <= 0.5 */
static double
lgamma_at_2(double z)
{
	return z * polynomial(lgamma_near_2,
						  sizeof(lgamma_near_2) / sizeof(double), z);
}

/* The tail of Stirling's series for log gamma, x >= 10. */
static double
stirling_series(double x)
{
	/* B(2k) / (2k (2k - 1)) */
	static const double term[] = {
		1.0 / 12, -1.0 / 360, 1.0 / 1260, -1.0 / 1680, 1.0 / 1188,
		-691.0 / 360360, 1.0 / 156, -3617.0 / 122400
	};

	return polynomial(term, sizeof(term) / sizeof(double), 1.0 / x / x) / x;
}

/* Its derivative, the tail of the series of digamma. */
static double
stirling_slope(double x)
{
	/* -B(2k) / 2k */
	static const double term[] = {
		-1.0 / 12, 1.0 / 120, -1.0 / 252, 1.0 / 240, -1.0 / 132,
		691.0 / 32760, -1.0 / 12, 3617.0 / 8160
	};
	double		z = 1.0 / x / x;

	return z * polynomial(term, sizeof(term) / sizeof(double), z);
}

/* Argument checked. */
static double
lgamma_positive(double x)
{
	double		product = 1.0;

	if (x >= 10.0)
		return (x - 0.5) * (log(x) - 1.0) + (NUM_LN_SQRT_2PI - 0.5) +
			stirling_series(x);
	if (x < 0.5)
		return lgamma_at_2(x) - log1p(x) - log(x);
	if (x < 1.5)
		return lgamma_at_2(x - 1.0) - log1p(x - 1.0);
	while (x > 2.5)
	{
		x -= 1.0;
		product *= x;
	}
	return log(product) + lgamma_at_2(x - 2.0);
}

/* log gamma(1 + a), 0 < a <= 1, relative to a */
static double
lgamma_1p(double a)
{
	if (a <= 0.5)
		return lgamma_at_2(a) - log1p(a);
	return lgamma_at_2(a - 1.0);
}

/* log gamma(x) less Stirling's formula (x - 1/2) log x - x + log sqrt(2 pi) */
static double
stirling_error(double x)
{
	if (x >= 10.0)
		return stirling_series(x);
	return lgamma_positive(x) - (x - 0.5) * log(x) + x - NUM_LN_SQRT_2PI;
}

/*
 * log gamma(b + a) - log gamma(b), relative to a for small a; b >= 10, or
 * 0 < a <= 1.  Small b are lifted by gamma(b + 1) = b gamma(b).
 */
static double
lgamma_step(double b, double a)
{
	double		shift = 0.0;
	double		tail;

	while (b < 10.0)
	{
		shift += log1p(a / b);
		b += 1.0;
	}
	/* The difference of the tails loses what is small against them. */
	if (a < 1e-4)
		tail = a * stirling_slope(b + 0.5 * a);
	else
		tail = stirling_series(b + a) - stirling_series(b);
	return (b - 0.5) * log1p(a / b) + a * (log(b + a) - 1.0) + tail - shift;
}

double
special_lgamma(double x)
{
	if (!(x > 0.0))
		return NAN;
	if (isinf(x))
		return INFINITY;
	return lgamma_positive(x);
}

double
special_digamma(double x)
{
	double		shift = 0.0;
	double		z;

	if (!(x > 0.0))
		return NAN;
	if (isinf(x))
		return INFINITY;

	z = (x - DIGAMMA_ZERO) - DIGAMMA_ZERO_REST;
	if (fabs(z) < 0.3)
		return z * polynomial(digamma_near_zero,
							  sizeof(digamma_near_zero) / sizeof(double), z);

	while (x < 10.0)
	{
		shift += 1.0 / x;
		x += 1.0;
	}
	return log(x) - 0.5 / x + stirling_slope(x) - shift;
}

double
special_lbeta(double a, double b)
{
	double		t;

	if (!(a > 0.0) || !(b > 0.0))
		return NAN;
	if (a > b)
	{
		t = a;
		a = b;
		b = t;
	}
	if (isinf(b))
		return -INFINITY;
	if (a >= 10.0)
		return NUM_LN_SQRT_2PI - 0.5 * log(b) +
			(a - 0.5) * log(a / b / (1.0 + a / b)) - b * log1p(a / b) +
			(stirling_series(a) + stirling_series(b) -
			 stirling_series(a + b));
	if (b >= 10.0)
		return lgamma_positive(a) - lgamma_step(b, a);
	return lgamma_positive(a) + (lgamma_positive(b) - lgamma_positive(a + b));
}

/* ---------------------------------------------------------------------------
 * Incomplete gamma and beta
 * ---------------------------------------------------------------------------
 */

/* Both tails of one distribution at one point. */
typedef struct Tails
{
	double		lower;
	double		upper;
	double		log_lower;
	double		log_upper;
} Tails;

static void
tails_at_bottom(Tails *t)
{
	t->lower = 0.0;
	t->log_lower = -INFINITY;
	t->upper = 1.0;
	t->log_upper = 0.0;
}

static void
tails_swap(Tails *t)
{
	Tails		s = *t;

	t->lower = s.upper;
	t->log_lower = s.log_upper;
	t->upper = s.lower;
	t->log_upper = s.log_lower;
}

/* The lower tail is exp(log_lower). */
static void
tails_from_log(Tails *t, double log_lower)
{
	t->log_lower = fmin(log_lower, 0.0);
	t->lower = exp(t->log_lower);
	t->upper = -expm1(t->log_lower);
	t->log_upper = log(t->upper);
}

/* The lower tail is exp(l) (1 + s), with l and s small in a small parameter. */
static void
tails_from_series(Tails *t, double l, double s)
{
	t->log_lower = fmin(l + log1p(s), 0.0);
	t->lower = exp(t->log_lower);
	t->upper = num_clamp(-(expm1(l) + exp(l) * s), 0.0, 1.0);
	t->log_upper = log(t->upper);
}

/* The lower tail is the normal cdf at root * sqrt(2), plus a correction. */
static void
tails_from_root(Tails *t, double root, double correction)
{
	t->lower = num_clamp(0.5 * erfc(-root) + correction, 0.0, 1.0);
	t->upper = num_clamp(0.5 * erfc(root) - correction, 0.0, 1.0);
	t->log_lower = log(t->lower);
	t->log_upper = log(t->upper);
}

/*
 * a (u - log(1 + u)) for u = d / a; place is a (1 + u), given apart because it
 * may be known better.  With v = u / (2 + u), log(1 + u) = 2 atanh v and
 *		u - 2 atanh v = u v - 2 (v^3/3 + v^5/5 + ...)
 */
static double
deviance(double a, double d, double place)
{
	double		u = d / a;
	double		v;
	double		v2;
	double		power = 1.0;
	double		sum = 0.0;
	int			k;

	if (!(fabs(u) < 0.4))
	{
		double		ratio = place / a;

		return d - a * (isinf(ratio) ? log(place) - log(a) : log(ratio));
	}

	v = u / (2.0 + u);
	v2 = v * v;
	/* v2 < 1/16: the fifteenth term is below the last place. */
	for (k = 3; k < 33; k += 2)
	{
		sum += power / k;
		power *= v2;
	}
	return a * v * (u - 2.0 * v2 * sum);
}

static double
two_sum(double a, double b, double *error)
{
	double		s = a + b;
	double		t = s - a;

	*error += (a - (s - t)) + (b - t);
	return s;
}

static double
two_product(double a, double b, double *error)
{
	double		p = a * b;

	*error += fma(a, b, -p);
	return p;
}

/*
 * (a + b) x - a = b x - a y with x + y = 1, from the smaller of x and y alone
 * (of the two only that one is sure to be exact), with twice the precision:
 * near the mode nothing else is left of it.
 */
static double
distance_from_mode(double a, double b, double x, double y)
{
	double		error = 0.0;
	double		sum;

	if (x > y)
		return -distance_from_mode(b, a, y, x);
	sum = two_sum(two_product(a, x, &error), two_product(b, x, &error), &error);
	sum = two_sum(sum, -a, &error);
	return sum + error;
}

/* log(x^a y^b / B(a, b)), 0 < x, y < 1 */
static double
beta_log_factor(double a, double b, double x, double y)
{
	double		n = a + b;
	double		d = distance_from_mode(a, b, x, y);

	return 0.5 * log(a * (b / n) / (2.0 * NUM_PI)) -
		deviance(a, d, n * x) - deviance(b, -d, n * y) -
		(stirling_error(a) + stirling_error(b) - stirling_error(n));
}

/* log(x^a exp(-x) / gamma(a)), x > 0 */
static double
gamma_log_factor(double a, double x)
{
	return 0.5 * log(a / (2.0 * NUM_PI)) - deviance(a, x - a, x) -
		stirling_error(a);
}

/* One round of Lentz's evaluation of a continued fraction b0 + a1/(b1 + ...). */
typedef struct Fraction
{
	double		value;
	double		c;
	double		d;
} Fraction;

static void
fraction_init(Fraction *f, double b0)
{
	f->value = (b0 == 0.0) ? DBL_MIN : b0;
	f->c = f->value;
	f->d = 0.0;
}

/* True when the term changed nothing. */
static bool
fraction_add(Fraction *f, double a, double b)
{
	double		factor;

	f->d = b + a * f->d;
	if (f->d == 0.0)
		f->d = DBL_MIN;
	f->d = 1.0 / f->d;
	f->c = b + a / f->c;
	if (f->c == 0.0)
		f->c = DBL_MIN;
	factor = f->c * f->d;
	f->value *= factor;
	return fabs(factor - 1.0) <= DBL_EPSILON;
}

/*
 * x^a y^b / (B(a, b) I_x(a, b)) as a continued fraction (DiDonato and Morris
 * 1992, equation 9), for x below about the mean.
 */
static double
beta_fraction(double a, double b, double x, double y)
{
	double		start = 1.0 - distance_from_mode(a, b, x, y);
	Fraction	f;
	int			i;

	fraction_init(&f, a * start / (a + 1.0));
	for (i = 1; i < MAX_TERMS; i++)
	{
		double		m = i;
		double		e = a + 2.0 * m - 1.0;
		double		g = m * (b - m) * x / e;

		if (fraction_add(&f,
						 ((a + m - 1.0) / e) * (a + b + m - 1.0) * x * g,
						 m + g + (a + m) / (e + 2.0) * (start + m * (2.0 - x))))
			break;
	}
	return f.value;
}

/* Both tails of Beta(a, b) at x, 0 < x < 1, below about the mean; y = 1 - x. */
static void
beta_tails_below(Tails *t, double a, double b, double x, double y)
{
	if (fmin(a, b) > BETA_LARGE)
	{
		/* Normal in the signed root of the deviance, to 1 / sqrt(a). */
		double		d = distance_from_mode(a, b, x, y);
		double		half = deviance(a, d, (a + b) * x) +
			deviance(b, -d, (a + b) * y);

		tails_from_root(t, d < 0.0 ? -sqrt(half) : sqrt(half), 0.0);
	}
	else if (b == 1.0)
		tails_from_log(t, a * (x < y ? log(x) : log1p(-y)));
	else if (a <= 1.0)
	{
		/*
		 * I_x(a, b) = x^a / (a B(a, b)) (1 + a S) with S the sum over n of
		 * (1-b)(2-b)...(n-b) x^n / (n! (a + n)).  Here x <= 2/3 and b x <= 2.
		 */
		double		product = 1.0;
		double		sum = 0.0;
		int			i;

		for (i = 1; i < MAX_TERMS; i++)
		{
			double		term;

			product *= (i - b) / i * x;
			term = product / (a + i);
			sum += term;
			if (fabs(term) <= 0.25 * DBL_EPSILON * fabs(sum))
				break;
		}
		tails_from_series(t,
						  a * log(x) + lgamma_step(b, a) - lgamma_1p(a),
						  a * sum);
	}
	else
		tails_from_log(t, beta_log_factor(a, b, x, y) -
					   log(beta_fraction(a, b, x, y)));
}

/*
 * Both tails of Beta(a, b) at x; y = 1 - x is given apart so that neither loses
 * digits.
 */
static void
beta_tails(Tails *t, double a, double b, double x, double y)
{
	if (x <= 0.0)
		tails_at_bottom(t);
	else if (y <= 0.0)
	{
		tails_at_bottom(t);
		tails_swap(t);
	}

	/*
	 * Compute the tail on this side of the mean, the other is what is left.
	 * The smaller of x and y tells the side: the other one may be rounded to
	 * 1, and the mean as well.
	 */
	else if (x <= y ? x > (a + 1.0) / (a + b + 2.0) :
			 y < (b + 1.0) / (a + b + 2.0))
	{
		beta_tails_below(t, b, a, y, x);
		tails_swap(t);
	}
	else
		beta_tails_below(t, a, b, x, y);
}

/* Both tails of Gamma(a) at x. */
static void
gamma_tails(Tails *t, double a, double x)
{
	int			i;

	if (x <= 0.0)
		tails_at_bottom(t);
	else if (isinf(x))
	{
		tails_at_bottom(t);
		tails_swap(t);
	}
	else if (a > GAMMA_LARGE)
	{
		/*
		 * Temme (1979), two terms: normal in w = sqrt(2 deviance), less
		 * exp(-w^2/2) / sqrt(2 pi a) (1/3 - eta/12) with eta = w / sqrt(a).
		 */
		double		half = deviance(a, x - a, x);
		double		root = x < a ? -sqrt(half) : sqrt(half);
		double		eta = root * NUM_SQRT2 / sqrt(a);

		tails_from_root(t, root, exp(-half - NUM_LN_SQRT_2PI) / sqrt(a) *
						(1.0 / 3 - eta / 12));
	}
	else if (x > a + 1.0)
	{
		/* Legendre's fraction for Q, contracted. */
		Fraction	f;

		fraction_init(&f, x + 1.0 - a);
		for (i = 1; i < MAX_TERMS; i++)
		{
			if (fraction_add(&f, i * (a - i), x + 2.0 * i + 1.0 - a))
				break;
		}
		tails_from_log(t, gamma_log_factor(a, x) - log(f.value));
		tails_swap(t);
	}
	else if (a <= 1.0)
	{
		/*
		 * P = x^a / gamma(a + 1) (1 + a S) with S the sum over n of
		 * (-x)^n / (n! (a + n)), x <= 2.
		 */
		double		product = 1.0;
		double		sum = 0.0;

		for (i = 1; i < MAX_TERMS; i++)
		{
			double		term;

			product *= -x / i;
			term = product / (a + i);
			sum += term;
			if (fabs(term) <= 0.25 * DBL_EPSILON * fabs(sum))
				break;
		}
		tails_from_series(t, a * log(x) - lgamma_1p(a), a * sum);
	}
	else
	{
		/* P = x^a exp(-x) / gamma(a + 1) (1 + x/(a+1) + x^2/((a+1)(a+2)) ...) */
		double		term = 1.0;
		double		sum = 1.0;

		for (i = 1; i < MAX_TERMS; i++)
		{
			term *= x / (a + i);
			sum += term;
			if (term <= 0.25 * DBL_EPSILON * sum)
				break;
		}
		tails_from_log(t, gamma_log_factor(a, x) + log(sum / a));
	}
}

static bool
valid_shape(double a)
{
	return a > 0.0 && a <= SPECIAL_SHAPE_MAX;
}

static bool
valid_probability(double p)
{
	return p >= 0.0 && p <= 1.0;
}

double
special_betainc(double a, double b, double x)
{
	Tails		t;

	if (!valid_shape(a) || !valid_shape(b) || !valid_probability(x))
		return NAN;
	beta_tails(&t, a, b, x, 1.0 - x);
	return t.lower;
}

double
special_betainc_upper(double a, double b, double x)
{
	Tails		t;

	if (!valid_shape(a) || !valid_shape(b) || !valid_probability(x))
		return NAN;
	beta_tails(&t, a, b, x, 1.0 - x);
	return t.upper;
}

double
special_gamma_p(double a, double x)
{
	Tails		t;

	if (!valid_shape(a) || !(x >= 0.0))
		return NAN;
	gamma_tails(&t, a, x);
	return t.lower;
}

double
special_gamma_q(double a, double x)
{
	Tails		t;

	if (!valid_shape(a) || !(x >= 0.0))
		return NAN;
	gamma_tails(&t, a, x);
	return t.upper;
}

/* ---------------------------------------------------------------------------
 * Inverses
 * ---------------------------------------------------------------------------
 */

/*
 * The normal quantile with lower tail p and upper tail q.  In the middle the
 * distance from 1/2 is what matters, outside the smaller tail: Newton's method
 * with the curvature (Halley) on erf(x / sqrt 2) = 1 - 2 p there, and on the
 * logarithm of the tail here, from a first guess good to three digits.
 */
static double
normal_point(double p, double q)
{
	double		tail = fmin(p, q);
	double		x;
	int			i;

	if (tail <= 0.0)
		return p < q ? -INFINITY : INFINITY;

	if (tail > 0.25)
	{
		/* The smaller of two that make 1 is the exact one. */
		double		target = 2.0 * (0.5 - tail);

		/* sqrt(pi/2) target is the first term of the series. */
		x = target * 1.2533141373155003 * (1.0 + 0.26 * target * target);
		for (i = 0; i < 4; i++)
		{
			double		density = 2.0 * exp(-0.5 * x * x - NUM_LN_SQRT_2PI);
			double		step = (erf(x / NUM_SQRT2) - target) / density;

			x -= step / (1.0 + 0.5 * x * step);
		}
	}
	else
	{
		double		log_tail = log(tail);
		double		s = sqrt(-2.0 * log_tail);

		/* Abramowitz and Stegun 26.2.22 */
		x = s - (2.30753 + 0.27061 * s) / (1.0 + s * (0.99229 + 0.04481 * s));
		for (i = 0; i < 4; i++)
		{
			double		upper = 0.5 * erfc(x / NUM_SQRT2);
			double		hazard;
			double		step;

			/* So close to the smallest number erfc has no digits left. */
			if (upper < DBL_MIN)
				break;
			/* f = log upper - log tail, f' = -h, f'' = -h (h - x) */
			hazard = exp(-0.5 * x * x - NUM_LN_SQRT_2PI - log(upper));
			step = (log(upper) - log_tail) / hazard;
			x += step / (1.0 + 0.5 * (hazard - x) * step);
		}
	}
	return p < q ? -x : x;
}

/*
 * Incomplete gamma and beta: Newton's method on the logarithm of the smaller
 * tail as a function of log x:
 * close to a straight line for a power, and to a parabola for a normal tail,
 * so that it neither stalls nor leaves the range.  Steps that leave the
 * bracket are replaced by the geometric middle.
 */

typedef struct Distribution
{
	bool		is_beta;		/* else gamma */
	double		a;
	double		b;				/* beta alone */
} Distribution;

/*
 * The x in (0, high] whose lower tail is p and upper tail is q (p + q = 1, both
 * greater than 0), from a first guess.
 */
static double
solve_tails(const Distribution *dist, double p, double q, double guess,
			double high)
{
	double		low = SMALLEST;
	double		x = guess;
	int			i;

	if (!(x > low && x <= high))
		x = sqrt(low) * sqrt(high);

	for (i = 0; i < MAX_STEPS; i++)
	{
		Tails		t;
		double		factor;		/* log of x times the density */
		double		gap;
		double		slope;
		double		next;

		if (dist->is_beta)
		{
			beta_tails(&t, dist->a, dist->b, x, 1.0 - x);
			factor = beta_log_factor(dist->a, dist->b, x, 1.0 - x) - log1p(-x);
		}
		else
		{
			gamma_tails(&t, dist->a, x);
			factor = gamma_log_factor(dist->a, x);
		}

		/* Both differences grow with x. */
		if (p <= q)
		{
			gap = t.log_lower - log(p);
			slope = exp(factor - t.log_lower);
		}
		else
		{
			gap = log(q) - t.log_upper;
			slope = exp(factor - t.log_upper);
		}
		if (gap == 0.0)
			break;
		if (gap > 0.0)
			high = x;
		else
			low = x;

		next = x * exp(-gap / slope);
		if (fabs(next - x) <= DBL_EPSILON * x)
		{
			x = next;
			break;
		}
		if (!(next > low && next < high))
		{
			next = sqrt(low) * sqrt(high);
			if (next <= low || next >= high)
				break;
		}
		x = next;
	}
	return x;
}

/*
 * log x at the lower tail p of Beta(a, b) as far as p = x^a / (a B(a, b)), which
 * is all there is for very small x.
 */
static double
beta_log_power(double a, double b, double p)
{
	if (a <= 1.0)
		return (log(p) + lgamma_1p(a) - lgamma_step(b, a)) / a;
	return (log(p) + log(a) + special_lbeta(a, b)) / a;
}

/* The point of Beta(a, b) with tails p and q, known to lie in (0, 1/2]. */
static double
beta_point_left(double a, double b, double p, double q)
{
	Distribution dist = {true, a, b};
	double		log_power = beta_log_power(a, b, p);
	double		guess;

	if (log_power < LOG_UNDERFLOW)
		return 0.0;

	guess = exp(fmin(log_power, 0.0));
	if (a > 1.0 && b > 1.0)
	{
		/* Abramowitz and Stegun 26.5.22 */
		double		z = -normal_point(p, q);
		double		l = (z * z - 3.0) / 6.0;
		double		ra = 1.0 / (2.0 * a - 1.0);
		double		rb = 1.0 / (2.0 * b - 1.0);
		double		h = 2.0 / (ra + rb);
		double		w;

		if (h + l > 0.0)
		{
			w = z * sqrt(h + l) / h -
				(rb - ra) * (l + 5.0 / 6.0 - 2.0 / (3.0 * h));
			guess = a / (a + b * exp(2.0 * w));
		}
	}
	else
		guess = fmin(guess, (a + 1.0) / (a + b + 2.0));

	return solve_tails(&dist, p, q, fmin(guess, 0.5), 0.5);
}

/*
 * The point of Beta(a, b) with lower tail p and upper tail q, as x and 1 - x,
 * both to full relative accuracy.
 */
static void
beta_point(double a, double b, double p, double q, double *x, double *y)
{
	Tails		t;

	if (p <= 0.0)
		*x = 0.0;
	else if (q <= 0.0)
		*x = 1.0;
	else
	{
		beta_tails(&t, a, b, 0.5, 0.5);
		if (p <= q ? p > t.lower : q < t.upper)
		{
			*y = beta_point_left(b, a, q, p);
			*x = 1.0 - *y;
			return;
		}
		*x = beta_point_left(a, b, p, q);
	}
	*y = 1.0 - *x;
}

/* The point of Gamma(a) with lower tail p and upper tail q. */
static double
gamma_point(double a, double p, double q)
{
	Distribution dist = {false, a, 0.0};
	double		log_power;
	double		guess;
	double		excess;

	if (p <= 0.0)
		return 0.0;
	if (q <= 0.0)
		return INFINITY;

	/* Near 0, p = x^a / gamma(a + 1). */
	log_power = (log(p) + lgamma_positive(a + 1.0)) / a;
	if (a <= 1.0)
		log_power = (log(p) + lgamma_1p(a)) / a;
	if (log_power < LOG_UNDERFLOW)
		return 0.0;

	guess = exp(fmin(log_power, log(a + 1.0)));
	if (a > 1.0)
	{
		/* Wilson and Hilferty: the cube root is nearly normal. */
		double		root = 1.0 - 1.0 / (9.0 * a) +
			normal_point(p, q) / (3.0 * sqrt(a));

		if (root > 0.1)
			guess = a * root * root * root;
	}

	/* Q(a, a + sqrt(2 a s) + s) <= exp(-s): Laurent and Massart (2000). */
	excess = -log(q);
	return solve_tails(&dist, p, q, guess,
					   (a + sqrt(2.0 * a * excess) + excess) * 1.0001 + 1.0);
}

double
special_betainc_inv(double a, double b, double p)
{
	double		x;
	double		y;

	if (!valid_shape(a) || !valid_shape(b) || !valid_probability(p))
		return NAN;
	beta_point(a, b, p, 1.0 - p, &x, &y);
	return x;
}

double
special_betainc_upper_inv(double a, double b, double q)
{
	double		x;
	double		y;

	if (!valid_shape(a) || !valid_shape(b) || !valid_probability(q))
		return NAN;
	beta_point(a, b, 1.0 - q, q, &x, &y);
	return x;
}

double
special_gamma_p_inv(double a, double p)
{
	if (!valid_shape(a) || !valid_probability(p))
		return NAN;
	return gamma_point(a, p, 1.0 - p);
}

double
special_gamma_q_inv(double a, double q)
{
	if (!valid_shape(a) || !valid_probability(q))
		return NAN;
	return gamma_point(a, 1.0 - q, q);
}

/* ---------------------------------------------------------------------------
 * Distributions
 * ---------------------------------------------------------------------------
 */

double
special_normal_pdf(double x)
{
	if (isnan(x))
		return NAN;
	return exp(-0.5 * x * x - NUM_LN_SQRT_2PI);
}

double
special_normal_cdf(double x)
{
	if (isnan(x))
		return NAN;
	return 0.5 * erfc(-x / NUM_SQRT2);
}

double
special_normal_upper(double x)
{
	if (isnan(x))
		return NAN;
	return 0.5 * erfc(x / NUM_SQRT2);
}

double
special_normal_quantile(double p)
{
	if (!valid_probability(p))
		return NAN;
	return normal_point(p, 1.0 - p);
}

/* x = df / (df + t^2), y = t^2 / (df + t^2), t finite. */
static void
student_arguments(double t, double df, double *x, double *y)
{
	double		ratio = fabs(t) / df * fabs(t);

	*x = 1.0 / (1.0 + ratio);
	*y = 1.0 / (1.0 + 1.0 / ratio);
}

double
special_t_two_sided(double t, double df)
{
	Tails		tails;
	double		x;
	double		y;

	if (isnan(t) || !(df > 0.0))
		return NAN;
	if (isinf(t))
		return 0.0;
	if (df > SPECIAL_SHAPE_MAX)
		return erfc(fabs(t) / NUM_SQRT2);
	student_arguments(t, df, &x, &y);
	beta_tails(&tails, 0.5 * df, 0.5, x, y);
	return tails.lower;
}

double
special_t_cdf(double t, double df)
{
	double		tail = 0.5 * special_t_two_sided(t, df);

	return t > 0.0 ? 1.0 - tail : tail;
}

/*
 * With w = t^2 / (df + t^2) ~ Beta(1/2, df/2), the two-sided p-value is twice
 * the smaller tail and its complement the distance of p from 1/2, which is
 * exact where it is small.
 */
double
special_t_quantile(double p, double df)
{
	double		tail = fmin(p, 1.0 - p);
	double		x;
	double		y;
	double		t;

	if (!valid_probability(p) || !(df > 0.0))
		return NAN;
	if (df > SPECIAL_SHAPE_MAX)
		return normal_point(p, 1.0 - p);
	if (p == 0.5)
		return 0.0;

	/* t itself may exist where 1 - w is less than the smallest number. */
	y = beta_log_power(0.5 * df, 0.5, 2.0 * tail);
	if (y < -100.0)
		t = sqrt(df) * exp(-0.5 * y);
	else
	{
		beta_point(0.5, 0.5 * df, 2.0 * (0.5 - tail), 2.0 * tail, &x, &y);
		t = sqrt(df) * sqrt(x / y);
	}
	return p < 0.5 ? -t : t;
}

double
special_chisq_upper(double x, double df)
{
	if (isnan(x) || !valid_shape(df))
		return NAN;
	return special_gamma_q(0.5 * df, fmax(0.5 * x, 0.0));
}

double
special_f_upper(double f, double df1, double df2)
{
	Tails		t;
	double		ratio;

	if (isnan(f) || !valid_shape(df1) || !valid_shape(df2))
		return NAN;
	if (f <= 0.0)
		return 1.0;
	ratio = f * (df1 / df2);
	beta_tails(&t, 0.5 * df1, 0.5 * df2,
			   1.0 / (1.0 + 1.0 / ratio), 1.0 / (1.0 + ratio));
	return t.upper;
}

/* P(X >= k) = I_p(k, n - k + 1) */
double
special_binomial_upper(int64_t k, int64_t n, double p)
{
	if (n < 0 || !valid_probability(p))
		return NAN;
	if (k <= 0)
		return 1.0;
	if (k > n)
		return 0.0;
	return special_betainc((double) k, (double) (n - k) + 1.0, p);
}

/* P(X <= k) = 1 - P(X >= k + 1) = 1 - I_p(k + 1, n - k) */
double
special_binomial_lower(int64_t k, int64_t n, double p)
{
	if (n < 0 || !valid_probability(p))
		return NAN;
	if (k < 0)
		return 0.0;
	if (k >= n)
		return 1.0;
	return special_betainc_upper((double) k + 1.0, (double) (n - k), p);
}

double
special_beta_logpdf(double x, double a, double b)
{
	double		y = 1.0 - x;

	if (isnan(x) || !valid_shape(a) || !valid_shape(b))
		return NAN;
	if (x < 0.0 || x > 1.0)
		return -INFINITY;
	if (a == 1.0 && b == 1.0)
		return 0.0;
	if (x == 0.0)
		return a < 1.0 ? INFINITY : a > 1.0 ? -INFINITY : log(b);
	if (y == 0.0)
		return b < 1.0 ? INFINITY : b > 1.0 ? -INFINITY : log(a);
	return beta_log_factor(a, b, x, y) - log(x) - log1p(-x);
}

/* ---------------------------------------------------------------------------
 * Quadrature: eigenvalues of the Jacobi matrix of the orthogonal polynomials
 * and squared first components of its eigenvectors (Golub and Welsch 1969),
 * computed with 60 digits.
 * ---------------------------------------------------------------------------
 */

static const double legendre_8_nodes[] = {
	-0.96028985649753623168, -0.79666647741362673959,
	-0.52553240991632898582, -0.18343464249564980494,
	0.18343464249564980494, 0.52553240991632898582,
	0.79666647741362673959, 0.96028985649753623168
};

static const double legendre_8_weights[] = {
	0.10122853629037625915, 0.22238103445337447054,
	0.31370664587788728734, 0.36268378337836198297,
	0.36268378337836198297, 0.31370664587788728734,
	0.22238103445337447054, 0.10122853629037625915
};

static const double legendre_16_nodes[] = {
	-0.9894009349916499326, -0.94457502307323257608,
	-0.86563120238783174388, -0.7554044083550030339,
	-0.61787624440264374845, -0.45801677765722738634,
	-0.28160355077925891323, -0.095012509837637440185,
	0.095012509837637440185, 0.28160355077925891323,
	0.45801677765722738634, 0.61787624440264374845,
	0.7554044083550030339, 0.86563120238783174388,
	0.94457502307323257608, 0.9894009349916499326
};

static const double legendre_16_weights[] = {
	0.027152459411754094852, 0.062253523938647892863,
	0.09515851168249278481, 0.12462897125553387205,
	0.14959598881657673208, 0.16915651939500253819,
	0.18260341504492358887, 0.18945061045506849629,
	0.18945061045506849629, 0.18260341504492358887,
	0.16915651939500253819, 0.14959598881657673208,
	0.12462897125553387205, 0.09515851168249278481,
	0.062253523938647892863, 0.027152459411754094852
};

static const double legendre_32_nodes[] = {
	-0.99726386184948156354, -0.9856115115452683354,
	-0.96476225558750643077, -0.93490607593773968917,
	-0.89632115576605212397, -0.84936761373256997013,
	-0.79448379596794240696, -0.73218211874028968039,
	-0.66304426693021520098, -0.58771575724076232904,
	-0.50689990893222939002, -0.42135127613063534536,
	-0.33186860228212764978, -0.23928736225213707454,
	-0.14447196158279649349, -0.048307665687738316235,
	0.048307665687738316235, 0.14447196158279649349,
	0.23928736225213707454, 0.33186860228212764978,
	0.42135127613063534536, 0.50689990893222939002,
	0.58771575724076232904, 0.66304426693021520098,
	0.73218211874028968039, 0.79448379596794240696,
	0.84936761373256997013, 0.89632115576605212397,
	0.93490607593773968917, 0.96476225558750643077,
	0.9856115115452683354, 0.99726386184948156354
};

static const double legendre_32_weights[] = {
	0.0070186100094700966004, 0.016274394730905670605,
	0.025392065309262059456, 0.034273862913021433103,
	0.042835898022226680657, 0.050998059262376176196,
	0.058684093478535547145, 0.065822222776361846838,
	0.072345794108848506225, 0.078193895787070306472,
	0.083311924226946755222, 0.087652093004403811143,
	0.091173878695763884713, 0.093844399080804565639,
	0.095638720079274859419, 0.096540088514727800567,
	0.096540088514727800567, 0.095638720079274859419,
	0.093844399080804565639, 0.091173878695763884713,
	0.087652093004403811143, 0.083311924226946755222,
	0.078193895787070306472, 0.072345794108848506225,
	0.065822222776361846838, 0.058684093478535547145,
	0.050998059262376176196, 0.042835898022226680657,
	0.034273862913021433103, 0.025392065309262059456,
	0.016274394730905670605, 0.0070186100094700966004
};

static const double hermite_16_nodes[] = {
	-6.6308781983931284802, -5.4722257059493430884,
	-4.4929553025200112427, -3.6008736241715482882,
	-2.7602450476307016168, -1.9519803457163334645,
	-1.1638291005549647742, -0.38676060450055734772,
	0.38676060450055734772, 1.1638291005549647742,
	1.9519803457163334645, 2.7602450476307016168,
	3.6008736241715482882, 4.4929553025200112427,
	5.4722257059493430884, 6.6308781983931284802
};

static const double hermite_16_weights[] = {
	1.4978147231618397325e-10, 1.3094732162868227394e-7,
	0.00001530003216248727197, 0.00052598492657390924383,
	0.0072669376011847333662, 0.047284752354014028806,
	0.15833837275094961773, 0.28656852123801212258,
	0.28656852123801212258, 0.15833837275094961773,
	0.047284752354014028806, 0.0072669376011847333662,
	0.00052598492657390924383, 0.00001530003216248727197,
	1.3094732162868227394e-7, 1.4978147231618397325e-10
};

static const double hermite_32_nodes[] = {
	-10.077422674229465946, -9.0643992107024061748,
	-8.2197287653822454014, -7.4607557541215187579,
	-6.7559308305407047448, -6.088964309076986814,
	-5.45003327362342807, -4.8326046132444886126,
	-4.2320211099954097951, -3.6447812498808331112,
	-3.0681351690131213054, -2.4998404151873952454,
	-1.9380049059257173503, -1.3809801992721441616,
	-0.82728490377976519178, -0.27554641923027580801,
	0.27554641923027580801, 0.82728490377976519178,
	1.3809801992721441616, 1.9380049059257173503,
	2.4998404151873952454, 3.0681351690131213054,
	3.6447812498808331112, 4.2320211099954097951,
	4.8326046132444886126, 5.45003327362342807,
	6.088964309076986814, 6.7559308305407047448,
	7.4607557541215187579, 8.2197287653822454014,
	9.0643992107024061748, 10.077422674229465946
};

static const double hermite_32_weights[] = {
	4.1246074890182693364e-23, 5.2084495919608612944e-19,
	6.7552902236701187406e-16, 2.3780648557778086759e-13,
	3.3475012398012070049e-11, 2.312518412074240541e-9,
	8.8812907131058950894e-8, 2.0596221039534288761e-6,
	0.000030559803060896301541, 0.00030255702581706249216,
	0.0020620510513078847176, 0.0099034617023205918768,
	0.034109847726092050511, 0.08534480827208076015,
	0.15653899375759844489, 0.21170556988047931757,
	0.21170556988047931757, 0.15653899375759844489,
	0.08534480827208076015, 0.034109847726092050511,
	0.0099034617023205918768, 0.0020620510513078847176,
	0.00030255702581706249216, 0.000030559803060896301541,
	2.0596221039534288761e-6, 8.8812907131058950894e-8,
	2.312518412074240541e-9, 3.3475012398012070049e-11,
	2.3780648557778086759e-13, 6.7552902236701187406e-16,
	5.2084495919608612944e-19, 4.1246074890182693364e-23
};

static const SpecialQuadrature gauss_legendre[] = {
	{8, legendre_8_nodes, legendre_8_weights},
	{16, legendre_16_nodes, legendre_16_weights},
	{32, legendre_32_nodes, legendre_32_weights}
};

static const SpecialQuadrature gauss_hermite[] = {
	{16, hermite_16_nodes, hermite_16_weights},
	{32, hermite_32_nodes, hermite_32_weights}
};

static const SpecialQuadrature *
find_table(const SpecialQuadrature *tables, size_t count, int n)
{
	size_t		i;

	for (i = 0; i < count; i++)
	{
		if (tables[i].n == n)
			return &tables[i];
	}
	return NULL;
}

const SpecialQuadrature *
special_gauss_legendre(int n)
{
	return find_table(gauss_legendre,
					  sizeof(gauss_legendre) / sizeof(gauss_legendre[0]), n);
}

const SpecialQuadrature *
special_gauss_hermite(int n)
{
	return find_table(gauss_hermite,
					  sizeof(gauss_hermite) / sizeof(gauss_hermite[0]), n);
}

/* ---------------------------------------------------------------------------
 * Multiplicity
 * ---------------------------------------------------------------------------
 */

/* A total order: ties by index make the result independent of the sort. */
static bool
comes_before(const double *values, size_t i, size_t j)
{
	if (values[i] != values[j])
		return values[i] < values[j];
	return i < j;
}

static void
sift_down(const double *values, size_t *order, size_t root, size_t n)
{
	size_t		moving = order[root];

	for (;;)
	{
		size_t		child = 2 * root + 1;

		if (child >= n)
			break;
		if (child + 1 < n &&
			comes_before(values, order[child], order[child + 1]))
			child++;
		if (!comes_before(values, moving, order[child]))
			break;
		order[root] = order[child];
		root = child;
	}
	order[root] = moving;
}

void
special_order(const double *values, size_t n, size_t *order)
{
	size_t		i;

	for (i = 0; i < n; i++)
		order[i] = i;
	for (i = n / 2; i > 0; i--)
		sift_down(values, order, i - 1, n);
	for (i = n; i > 1; i--)
	{
		size_t		last = order[i - 1];

		order[i - 1] = order[0];
		order[0] = last;
		sift_down(values, order, 0, i - 1);
	}
}

/* The adjusted value at rank i is the least of p n / j over the ranks j >= i. */
bool
special_bh_adjust(double *p, size_t n, size_t *order)
{
	double		least = 1.0;
	size_t		i;

	for (i = 0; i < n; i++)
	{
		if (!valid_probability(p[i]))
			return false;
	}

	special_order(p, n, order);
	for (i = n; i > 0; i--)
	{
		double		adjusted = p[order[i - 1]] * ((double) n / (double) i);

		if (adjusted < least)
			least = adjusted;
		p[order[i - 1]] = least;
	}
	return true;
}
