/*
 * rng.c
 *		Random draws over the server's pg_prng.
 */
#include "postgres.h"

#include <math.h>

#include "miscadmin.h"

#include "rng.h"

void
RngSeed(Rng *rng, uint64 seed)
{
	pg_prng_seed(&rng->state, seed);
}

void
RngSeedFresh(Rng *rng)
{
	pg_prng_seed(&rng->state, pg_prng_uint64(&pg_global_prng_state));
}

double
RngUniform(Rng *rng)
{
	double		value;

	/* pg_prng_double draws from [0, 1): logarithms need the open interval */
	do
		value = pg_prng_double(&rng->state);
	while (value <= 0.0);
	return value;
}

int
RngChoice(Rng *rng, int count)
{
	Assert(count > 0);
	return (int) pg_prng_uint64_range(&rng->state, 0, (uint64) count - 1);
}

/* Marsaglia's polar method; the second variate is thrown away so that a draw
 * depends on the seed and its place in the stream alone, not on a cache. */
double
RngNormal(Rng *rng)
{
	double		u;
	double		v;
	double		s;

	do
	{
		u = 2.0 * RngUniform(rng) - 1.0;
		v = 2.0 * RngUniform(rng) - 1.0;
		s = u * u + v * v;
	} while (s >= 1.0 || s <= 0.0);
	return u * sqrt(-2.0 * log(s) / s);
}

/*
 * Logarithm of a gamma variate: G. Marsaglia and W. W. Tsang, "A simple method
 * for generating gamma variables", ACM TOMS 26 (2000).  Shapes below 1 are
 * drawn at shape + 1 and multiplied by U^(1/shape), in logarithms, because the
 * variate itself underflows for small shapes.
 */
double
RngLogGamma(Rng *rng, double shape)
{
	double		boost = 0.0;
	double		d;
	double		c;

	Assert(shape > 0.0);
	if (shape < 1.0)
	{
		boost = log(RngUniform(rng)) / shape;
		shape += 1.0;
	}
	d = shape - 1.0 / 3.0;
	c = 1.0 / sqrt(9.0 * d);
	for (;;)
	{
		double		x;
		double		v;
		double		u;

		CHECK_FOR_INTERRUPTS();
		x = RngNormal(rng);
		v = 1.0 + c * x;
		if (v <= 0.0)
			continue;
		v = v * v * v;
		u = RngUniform(rng);
		if (log(u) < 0.5 * x * x + d - d * v + d * log(v))
			return log(d) + log(v) + boost;
	}
}

double
RngGamma(Rng *rng, double shape)
{
	return exp(RngLogGamma(rng, shape));
}

/*
 * X / (X + Y) for gamma X and Y, in logarithms: for small parameters both
 * variates underflow, and their ratio still has to be right.
 */
double
RngBeta(Rng *rng, double alpha, double beta)
{
	double		x = RngLogGamma(rng, alpha);
	double		y = RngLogGamma(rng, beta);

	return 1.0 / (1.0 + exp(y - x));
}
