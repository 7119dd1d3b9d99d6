/*
 * struggle.c
 *		The struggle family: how probable it is that a learner will struggle,
 *		how sure that is, and what it is made of.
 *
 * Its features, the model that needs no training, and the rules of the
 * reference.  What holds for any logistic regression is in logit.c.
 */
#include "postgres.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "check.h"
#include "logit.h"
#include "result.h"
#include "struggle_math.h"

/* The struggle family's own model. */
static void
PriorModel(Model *model, double rate)
{
	int			i;

	ModelMakeRoom(model, STRUGGLE_FEATURES);
	struggle_prior_model(&model->math, rate);
	for (i = 0; i < STRUGGLE_FEATURES; i++)
		model->names[i] = pstrdup(struggle_features[i].name);
}

/* The share of struggles that argument says, or the one that ships. */
static double
PopulationRate(FunctionCallInfo fcinfo, int argument)
{
	double		rate = STRUGGLE_POPULATION_RATE;

	if (!PG_ARGISNULL(argument))
		rate = PG_GETARG_FLOAT8(argument);
	CheckRange(rate, 0.001, 0.999, "population_rate");
	return rate;
}

PG_FUNCTION_INFO_V1(struggle_model);

/* the model that needs no training */
PGDLLEXPORT Datum
struggle_model(PG_FUNCTION_ARGS)
{
	Model		model;

	PriorModel(&model, PopulationRate(fcinfo, 0));
	PG_RETURN_MODEL(&model);
}

static void
CheckUnitFeatures(const Vector *x)
{
	int			i;

	for (i = 0; i < x->count; i++)
		if (!isnan(x->values[i]))
			CheckRange(x->values[i], 0.0, 1.0, struggle_features[i].name);
}

PG_FUNCTION_INFO_V1(struggle_probability);

/* its probability */
PGDLLEXPORT Datum
struggle_probability(PG_FUNCTION_ARGS)
{
	double		rate = PopulationRate(fcinfo, 1);
	ModelCache *cache;
	Vector		x;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	cache = ModelCacheFor(fcinfo, NULL, 0, rate);
	if (cache->model == NULL)
	{
		Model		model;

		PriorModel(&model, rate);
		cache->length = 0;
		cache->rate = rate;
		ModelCacheFill(cache, &model);
	}
	ReadFeatures(PG_GETARG_DATUM(0), STRUGGLE_FEATURES, "features", &x);
	CheckUnitFeatures(&x);
	PG_RETURN_FLOAT8(logit_predict(&cache->model->math, cache->factor,
								   x.values, cache->work).probability);
}

PG_FUNCTION_INFO_V1(struggle_features_rows);

/* the table of features */
PGDLLEXPORT Datum
struggle_features_rows(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	int			i;

	InitMaterializedSRF(fcinfo, 0);
	for (i = 0; i < STRUGGLE_FEATURES; i++)
	{
		const StruggleFeature *f = &struggle_features[i];
		Datum		values[9];
		bool		nulls[9] = {false};

		values[0] = Int32GetDatum(i + 1);
		values[1] = CStringGetTextDatum(f->name);
		values[2] = CStringGetTextDatum(f->meaning);
		values[3] = Float8GetDatum(f->epic5_default);
		values[4] = Float8GetDatum(f->epic5_weight);
		values[5] = Float8GetDatum(f->epic5_importance);
		values[6] = Float8GetDatum(f->mean);
		values[7] = Float8GetDatum(f->deviation);
		values[8] = Float8GetDatum(f->coefficient);
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
	return (Datum) 0;
}

PG_FUNCTION_INFO_V1(struggle_level_of);

/* LOW, MEDIUM, HIGH */
PGDLLEXPORT Datum
struggle_level_of(PG_FUNCTION_ARGS)
{
	double		probability = PG_GETARG_FLOAT8(0);

	CheckRange(probability, 0.0, 1.0, "probability");
	PG_RETURN_TEXT_P(cstring_to_text(struggle_level(probability)));
}

/*
 * The reference's rules
 */

/* The 15 features, each within 0 and 1, the reference's default for unknown. */
static void
ReadEpic5Features(Datum datum, Vector *x)
{
	ReadFeatures(datum, STRUGGLE_FEATURES, "features", x);
	CheckUnitFeatures(x);
	epic5_fill_defaults(x->values);
}

static Datum
NameArray(const char *const *names, int count)
{
	Datum	   *elements = palloc(sizeof(Datum) * Max(count, 1));
	int			i;

	for (i = 0; i < count; i++)
		elements[i] = CStringGetTextDatum(names[i]);
	return PointerGetDatum(construct_array(elements, count, TEXTOID, -1, false, TYPALIGN_INT));
}

#define EPIC5_TOP_FEATURES 5

PG_FUNCTION_INFO_V1(epic5_struggle_rule);

/* the web rule */
PGDLLEXPORT Datum
epic5_struggle_rule(PG_FUNCTION_ARGS)
{
	Vector		x;
	Epic5Struggle r;
	const char *top[EPIC5_TERMS] = {NULL};
	double		top_term[EPIC5_TERMS] = {0};
	const char *risk[EPIC5_TERMS];
	const char *protective[STRUGGLE_FEATURES];
	int			features[STRUGGLE_FEATURES];
	int			count = 0;
	int			protectives;
	int			i;
	int			j;
	Datum		values[8];
	bool		nulls[8] = {false};

	ReadEpic5Features(PG_GETARG_DATUM(0), &x);
	r = epic5_struggle(x.values);
	for (i = 0; i < EPIC5_TERMS; i++)
	{
		const char *name = struggle_features[epic5_term_feature(i)].name;

		if (!r.triggered[i])
			continue;
		risk[count] = name;
		/* by size, equal ones in the order of the rule */
		for (j = count; j > 0 && top_term[j - 1] < r.term[i]; j--)
		{
			top[j] = top[j - 1];
			top_term[j] = top_term[j - 1];
		}
		top[j] = name;
		top_term[j] = r.term[i];
		count++;
	}
	protectives = epic5_protective(x.values, features);
	for (i = 0; i < protectives; i++)
		protective[i] = struggle_features[features[i]].name;

	values[0] = Float8GetDatum(r.probability);
	values[1] = Float8GetDatum(r.baseline);
	values[2] = Float8GetDatum(r.confidence);
	values[3] = Float8GetDatum(epic5_data_quality(x.values));
	values[4] = CStringGetTextDatum(struggle_level(r.probability));
	values[5] = NameArray(top, Min(count, EPIC5_TOP_FEATURES));
	values[6] = NameArray(risk, count);
	values[7] = NameArray(protective, protectives);
	PG_RETURN_DATUM(RowDatum(fcinfo, values, nulls));
}

PG_FUNCTION_INFO_V1(epic5_struggle_contributions);

/* what the web rule's probability is made of */
PGDLLEXPORT Datum
epic5_struggle_contributions(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	Vector		x;
	Epic5Struggle r;
	int			i;

	ReadEpic5Features(PG_GETARG_DATUM(0), &x);
	r = epic5_struggle(x.values);
	InitMaterializedSRF(fcinfo, 0);
	for (i = 0; i < EPIC5_TERMS + 2; i++)
	{
		Datum		values[4];
		bool		nulls[4] = {false};

		if (i < EPIC5_TERMS)
		{
			int			feature = epic5_term_feature(i);

			if (!r.triggered[i])
				continue;
			values[0] = CStringGetTextDatum(struggle_features[feature].name);
			values[1] = Float8GetDatum(x.values[feature]);
			values[2] = Float8GetDatum(epic5_term_weight(i));
			values[3] = Float8GetDatum(r.term[i]);
		}
		else
		{
			bool		is_cap = i > EPIC5_TERMS;

			nulls[1] = nulls[2] = true;
			values[0] = CStringGetTextDatum(is_cap ? "cap" : "baseline_floor");
			values[3] = Float8GetDatum(is_cap ? r.cap : r.floor);
			if ((is_cap ? r.cap : r.floor) == 0.0)
				continue;
		}
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
	return (Datum) 0;
}

PG_FUNCTION_INFO_V1(epic5_struggle_class_rule);

/* the Python rule */
PGDLLEXPORT Datum
epic5_struggle_class_rule(PG_FUNCTION_ARGS)
{
	Vector		x;
	Epic5Class	r;
	Datum		values[3];
	bool		nulls[3] = {false};

	ReadEpic5Features(PG_GETARG_DATUM(0), &x);
	r = epic5_struggle_class(x.values);
	values[0] = CStringGetTextDatum(r.name);
	values[1] = Float8GetDatum(r.probability);
	values[2] = Float8GetDatum(r.confidence);
	PG_RETURN_DATUM(RowDatum(fcinfo, values, nulls));
}

PG_FUNCTION_INFO_V1(epic5_struggle_data_quality);

/* share of features that differ from 0.5 */
PGDLLEXPORT Datum
epic5_struggle_data_quality(PG_FUNCTION_ARGS)
{
	Vector		x;

	ReadEpic5Features(PG_GETARG_DATUM(0), &x);
	PG_RETURN_FLOAT8(epic5_data_quality(x.values));
}
