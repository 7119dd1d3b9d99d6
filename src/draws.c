/*
 * draws.c
 *		Seeded random draws and their distributions as SQL functions: what
 *		Thompson sampling draws from,
 *		open to anyone who simulates, and to the tests of the distributions.
 */
#include "postgres.h"

#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/tuplestore.h"

#include "check.h"
#include "rng.h"
#include "special.h"

/* Draws one result set can hold. */
#define MAX_DRAWS 10000000

/* Below it log(u) / shape is no number. */
#define DRAW_SHAPE_MIN 1e-300

typedef enum DrawKind
{
	DRAW_NORMAL,
	DRAW_GAMMA,
	DRAW_BETA
} DrawKind;

/* Beyond the upper limit the special functions know no answer. */
static void
CheckShape(double value, double least, const char *name)
{
	CheckPositive(value, name);
	CheckRange(value, least, SPECIAL_SHAPE_MAX, name);
}

/* The seed is the last argument; NULL asks for a fresh stream. */
static Datum
Draws(FunctionCallInfo fcinfo, DrawKind kind, int seed_argument)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	double		first = 1.0;
	double		second = 1.0;
	Rng			rng;
	int			count;
	int			i;

	CheckNotNull(PG_ARGISNULL(0), "draws");
	count = PG_GETARG_INT32(0);
	CheckIntRange(count, 0, MAX_DRAWS, "draws");
	if (kind == DRAW_GAMMA)
	{
		CheckNotNull(PG_ARGISNULL(1), "shape");
		first = PG_GETARG_FLOAT8(1);
		CheckShape(first, DRAW_SHAPE_MIN, "shape");
	}
	else if (kind == DRAW_BETA)
	{
		CheckNotNull(PG_ARGISNULL(1), "alpha");
		CheckNotNull(PG_ARGISNULL(2), "beta");
		first = PG_GETARG_FLOAT8(1);
		second = PG_GETARG_FLOAT8(2);
		CheckShape(first, DRAW_SHAPE_MIN, "alpha");
		CheckShape(second, DRAW_SHAPE_MIN, "beta");
	}
	if (PG_ARGISNULL(seed_argument))
		RngSeedFresh(&rng);
	else
		RngSeed(&rng, (uint64) PG_GETARG_INT64(seed_argument));

	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	for (i = 0; i < count; i++)
	{
		Datum		value;
		bool		isnull = false;

		if (i % 1024 == 0)
			CHECK_FOR_INTERRUPTS();
		value = Float8GetDatum(kind == DRAW_NORMAL ? RngNormal(&rng) :
							   kind == DRAW_GAMMA ? RngGamma(&rng, first) :
							   RngBeta(&rng, first, second));
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, &value, &isnull);
	}
	return (Datum) 0;
}

PG_FUNCTION_INFO_V1(random_normal);

PGDLLEXPORT Datum
random_normal(PG_FUNCTION_ARGS)
{
	return Draws(fcinfo, DRAW_NORMAL, 1);
}

PG_FUNCTION_INFO_V1(random_gamma);

PGDLLEXPORT Datum
random_gamma(PG_FUNCTION_ARGS)
{
	return Draws(fcinfo, DRAW_GAMMA, 2);
}

PG_FUNCTION_INFO_V1(random_beta);

PGDLLEXPORT Datum
random_beta(PG_FUNCTION_ARGS)
{
	return Draws(fcinfo, DRAW_BETA, 3);
}

PG_FUNCTION_INFO_V1(normal_cdf);

PGDLLEXPORT Datum
normal_cdf(PG_FUNCTION_ARGS)
{
	double		x = PG_GETARG_FLOAT8(0);

	CheckFinite(x, "x");
	PG_RETURN_FLOAT8(special_normal_cdf(x));
}

PG_FUNCTION_INFO_V1(gamma_cdf);

PGDLLEXPORT Datum
gamma_cdf(PG_FUNCTION_ARGS)
{
	double		x = PG_GETARG_FLOAT8(0);
	double		shape = PG_GETARG_FLOAT8(1);

	CheckFinite(x, "x");
	CheckShape(shape, 0.0, "shape");
	PG_RETURN_FLOAT8(x <= 0.0 ? 0.0 : special_gamma_p(shape, x));
}

PG_FUNCTION_INFO_V1(beta_cdf);

PGDLLEXPORT Datum
beta_cdf(PG_FUNCTION_ARGS)
{
	double		x = PG_GETARG_FLOAT8(0);
	double		alpha = PG_GETARG_FLOAT8(1);
	double		beta = PG_GETARG_FLOAT8(2);

	CheckFinite(x, "x");
	CheckShape(alpha, 0.0, "alpha");
	CheckShape(beta, 0.0, "beta");
	PG_RETURN_FLOAT8(x <= 0.0 ? 0.0 : x >= 1.0 ? 1.0 :
					 special_betainc(alpha, beta, x));
}
