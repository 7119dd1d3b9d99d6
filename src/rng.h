/*
 * rng.h
 *		Random draws over the server's pg_prng, with a seed or without.
 *
 * A seed gives the same draws on every platform.  Without one the generator is
 * seeded from the backend's own, so that two sessions never share a stream.
 */
#ifndef BTWIN_RNG_H
#define BTWIN_RNG_H

#include "postgres.h"

#include "common/pg_prng.h"

typedef struct Rng
{
	pg_prng_state state;
} Rng;

extern void RngSeed(Rng *rng, uint64 seed);
extern void RngSeedFresh(Rng *rng);

/* Uniform on the open interval (0, 1). */
extern double RngUniform(Rng *rng);

/* 0 .. count - 1. */
extern int	RngChoice(Rng *rng, int count);

/* Standard normal. */
extern double RngNormal(Rng *rng);

/* Gamma with the shape (> 0) and scale 1, and its logarithm. */
extern double RngGamma(Rng *rng, double shape);
extern double RngLogGamma(Rng *rng, double shape);

/* Beta, both parameters > 0; in [0, 1]. */
extern double RngBeta(Rng *rng, double alpha, double beta);

#endif							/* BTWIN_RNG_H */
