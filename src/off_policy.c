/*
 * off_policy.c
 *		What another policy would have earned, from the decisions of the one
 *		that ran: inverse propensity estimates over logged rewards.
 *
 * Each row weighs w = target propensity / logged propensity.  The state is a
 * plain float8[6], so that it can be stored, shipped between servers as text
 * and added element by element:
 *
 *		rows, sum w, sum w^2, sum w r, sum w^2 r, sum w^2 r^2
 */
#include "postgres.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "utils/array.h"

#include "check.h"
#include "result.h"
#include "special.h"

enum
{
	ROWS, W, WW, WR, WWR, WWRR, FIELDS
};

static double *
OffPolicyFields(ArrayType *state)
{
	int			count;
	double	   *fields = CheckFloatArray(state, "state", &count);

	/* rows are counted, and a double counts to 2^53 */
	if (count != FIELDS || fields[ROWS] < 0 || fields[ROWS] > 9007199254740992.0 ||
		fields[ROWS] != floor(fields[ROWS]) || fields[WW] < 0 || fields[WWRR] < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("not a state of off_policy_agg"),
				 errdetail("Needed are %d numbers (rows, w, w^2, wr, w^2 r, w^2 r^2), rows whole, squares not below 0; found %d numbers.",
						   FIELDS, count),
				 errhint("Pass what off_policy_agg() returned.")));
	return fields;
}

/* Sums and what is made of them leave the range where rewards or weights do. */
static void
CheckOffPolicyNumbers(const double *numbers, int count)
{
	int			i;

	for (i = 0; i < count; i++)
		if (unlikely(!isfinite(numbers[i])))
			ereport(ERROR,
					(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					 errmsg("rewards or weights are too large to be summed"),
					 errdetail("A weight is target propensity / logged propensity; both it and the reward are squared."),
					 errhint("Use rewards of 0 to 1, and propensities that were not next to 0.")));
}

PG_FUNCTION_INFO_V1(off_policy_accum);

/* one decision: reward, logged propensity, target propensity */
PGDLLEXPORT Datum
off_policy_accum(PG_FUNCTION_ARGS)
{
	ArrayType  *state;
	double	   *fields;
	double		reward;
	double		logged;
	double		target;
	double		w;

	/* never in the aggregate, whose state begins with zeros */
	CheckNotNull(PG_ARGISNULL(0), "state");
	state = PG_GETARG_ARRAYTYPE_P(0);
	fields = OffPolicyFields(state);
	if (PG_ARGISNULL(1) || PG_ARGISNULL(2) || PG_ARGISNULL(3))
		PG_RETURN_ARRAYTYPE_P(state);
	reward = PG_GETARG_FLOAT8(1);
	logged = PG_GETARG_FLOAT8(2);
	target = PG_GETARG_FLOAT8(3);
	CheckFinite(reward, "reward");
	CheckRange(logged, 0.0, 1.0, "logged_propensity");
	CheckPositive(logged, "logged_propensity");
	CheckRange(target, 0.0, 1.0, "target_propensity");

	/* inside an aggregate the array is this state's own copy */
	if (!AggCheckCallContext(fcinfo, NULL))
	{
		state = PG_GETARG_ARRAYTYPE_P_COPY(0);
		fields = OffPolicyFields(state);
	}
	w = target / logged;
	fields[ROWS] += 1;
	fields[W] += w;
	fields[WW] += w * w;
	fields[WR] += w * reward;
	fields[WWR] += w * w * reward;
	fields[WWRR] += w * w * reward * reward;
	CheckOffPolicyNumbers(fields, FIELDS);
	PG_RETURN_ARRAYTYPE_P(state);
}

PG_FUNCTION_INFO_V1(off_policy_combine);

PGDLLEXPORT Datum
off_policy_combine(PG_FUNCTION_ARGS)
{
	ArrayType  *state = PG_GETARG_ARRAYTYPE_P_COPY(0);
	double	   *into = OffPolicyFields(state);
	double	   *from = OffPolicyFields(PG_GETARG_ARRAYTYPE_P(1));
	int			i;

	for (i = 0; i < FIELDS; i++)
		into[i] += from[i];
	CheckOffPolicyNumbers(into, FIELDS);
	PG_RETURN_ARRAYTYPE_P(state);
}

PG_FUNCTION_INFO_V1(off_policy_value);

/*
 * Self-normalised estimate sum wr / sum w with its delta-method standard error
 * sqrt(sum w^2 (r - value)^2) / sum w, the plain inverse propensity estimate
 * sum wr / n beside it, and the effective sample size (sum w)^2 / sum w^2.
 */
PGDLLEXPORT Datum
off_policy_value(PG_FUNCTION_ARGS)
{
	double	   *f = OffPolicyFields(PG_GETARG_ARRAYTYPE_P(0));
	bool		nulls[7] = {false};
	Datum		values[7];
	if (f[ROWS] <= 0 || f[W] <= 0)
	{
		/* no row on which the target policy could have acted */
		memset(nulls, true, sizeof(nulls));
		nulls[6] = false;
	}
	else
	{
		double		value = f[WR] / f[W];
		double		square = f[WWRR] - 2.0 * value * f[WWR] + value * value * f[WW];
		double		se = sqrt(Max(square, 0.0)) / f[W];
		double		z = special_normal_quantile(0.975);
		double		found[] = {value, se, value - z * se, value + z * se, f[WR] / f[ROWS],
			f[WW] > 0 ? f[W] * f[W] / f[WW] : 0.0, square};
		int			i;

		CheckOffPolicyNumbers(found, lengthof(found));
		/* a single effective observation has no visible spread */
		nulls[1] = nulls[2] = nulls[3] = f[ROWS] < 2;
		for (i = 0; i < (int) lengthof(found) - 1; i++)
			values[i] = Float8GetDatum(found[i]);
	}
	values[6] = Int64GetDatum((int64) f[ROWS]);
	PG_RETURN_DATUM(RowDatum(fcinfo, values, nulls));
}
