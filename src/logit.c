/*
 * logit.c
 *		Logistic regression: training as an aggregate, the models that result,
 *		their predictions with uncertainty and what those are made of.
 *
 * Two state types.  btwin.logit_step is what an aggregate over examples builds
 * while a model is trained: gradient, Hessian and log likelihood at one point,
 * which simply add up.  btwin.logit_model is the result: names, training means,
 * coefficients and the precision of what is known of them.
 *
 * The order of the features has a meaning here: element j of an x belongs to
 * feature j of the model.
 */
#include "postgres.h"

#include <float.h>
#include <math.h>

#include "catalog/pg_type.h"
#include "common/int.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/float.h"
#include "utils/memutils.h"

#include "agg.h"
#include "btwin.h"
#include "check.h"
#include "logit.h"
#include "num.h"
#include "result.h"
#include "state.h"
#include "struggle_math.h"
#include "text.h"

/*
 * Layout
 */

#define STEP_VERSION 1
#define MODEL_VERSION 1

static const StateKind step_kind = {BTWIN_STRUGGLE, STEP_VERSION, "btwin.logit_step"};
static const StateKind model_kind = {BTWIN_LOGIT_MODEL, MODEL_VERSION, "btwin.logit_model"};

/* centre, unknown, sum, square, a coefficient, its gradient, one of the Hessian */
#define STEP_MIN_FEATURE_BYTES (7 * 8)

/* a name of one byte, mean, deviation, coefficient, one of the precision */
#define MODEL_MIN_FEATURE_BYTES (2 + 4 * 8)

typedef struct Step
{
	MemoryContext context;
	LogitStep	math;			/* features = 0: no row yet */
	/* the argument that set the point, byte for byte; NULL: none kept */
	char	   *point_bytes;
	Size		point_length;
} Step;

static Step *
StepNew(MemoryContext context)
{
	Step	   *step = MemoryContextAllocZero(context, sizeof(Step));

	step->context = context;
	return step;
}

static void
StepMakeRoom(Step *step, int features)
{
	logit_step_init(&step->math, features,
					MemoryContextAlloc(step->context,
									   sizeof(double) * LOGIT_STEP_DOUBLES(features)));
}

/*
 * The point at which the step is taken: fixed by the first row, the same in
 * all others.  centre NULL: zero.
 */
static void
StepSetPoint(Step *step, int features, const double *beta, const double *centre)
{
	LogitStep  *math = &step->math;
	bool		same = math->features == features;
	int			i;

	if (math->features == 0)
	{
		StepMakeRoom(step, features);
		memcpy(math->beta, beta, sizeof(double) * (features + 1));
		if (centre != NULL)
			memcpy(math->centre, centre, sizeof(double) * features);
		return;
	}
	for (i = 0; same && i <= features; i++)
		same = math->beta[i] == beta[i];
	for (i = 0; same && i < features; i++)
		same = math->centre[i] == (centre != NULL ? centre[i] : 0.0);
	if (!same)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("coefficients must be the same in all rows of a step"),
				 errdetail("A step adds up derivatives taken at one point."),
				 errhint("Pass the coefficients of the current iteration as one value for all rows.")));
}

/*
 * Reading coefficients or a model is dear beside adding a row, and all rows
 * bring the same: is this the argument of the last row?  Values stored or kept
 * elsewhere have no bytes here to compare and are read every time.
 */
static bool
StepKnowsPoint(const Step *step, Datum argument)
{
	const struct varlena *value = (struct varlena *) DatumGetPointer(argument);

	return step->point_bytes != NULL && !VARATT_IS_EXTERNAL(value) &&
		VARSIZE_ANY(value) == step->point_length &&
		memcmp(value, step->point_bytes, step->point_length) == 0;
}

static void
StepRememberPoint(Step *step, Datum argument)
{
	const struct varlena *value = (struct varlena *) DatumGetPointer(argument);

	if (VARATT_IS_EXTERNAL(value))
		return;
	if (step->point_bytes != NULL)
		pfree(step->point_bytes);
	step->point_length = VARSIZE_ANY(value);
	step->point_bytes = MemoryContextAlloc(step->context, step->point_length);
	memcpy(step->point_bytes, value, step->point_length);
}

static void
StepMerge(Step *into, const Step *from)
{
	int64		rows;

	if (from->math.features == 0)
		return;
	if (into->math.features == 0)
	{
		StepMakeRoom(into, from->math.features);
		memcpy(into->math.beta, from->math.beta,
			   sizeof(double) * (from->math.features + 1));
		memcpy(into->math.centre, from->math.centre,
			   sizeof(double) * from->math.features);
	}
	else if (!logit_same_point(&into->math, &from->math))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("steps taken at different coefficients cannot be merged"),
				 errdetail("They have %d and %d features, or their coefficients or means differ.",
						   into->math.features, from->math.features),
				 errhint("Merge only steps of the same iteration.")));
	if (pg_add_s64_overflow(into->math.rows, from->math.rows, &rows))
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many rows in one state")));
	logit_step_merge(&into->math, &from->math);
}

/* Room for the |a b| <= sqrt(aa bb) of sums that were rounded. */
#define VALIDATE_SLACK 1e-9

/* What any step obeys; shared by both input forms. */
static void
ValidateStep(const LogitStep *s, const StateSource *source)
{
	const double more = 1.0 + VALIDATE_SLACK;
	int			n = s->features + 1;
	double		weight = s->weight * more;
	const double *row = s->hessian;
	int			i;
	int			j;

	if (s->rows < 1)
	{
		StateInvalid(source, "it has features and no rows");
		return;
	}
	if (s->weight < 0 || s->positives < 0 || s->positives > weight)
	{
		StateInvalid(source, "its weights contradict each other");
		return;
	}
	if (num_sum_value(&s->log_likelihood) > 0)
	{
		StateInvalid(source, "its log likelihood is greater than zero");
		return;
	}
	if (fabs(s->gradient[0]) > weight || s->hessian[0] > 0.25 * weight)
	{
		StateInvalid(source, "its derivatives are too large for its weight");
		return;
	}
	for (i = 0; i < n; i++)
	{
		const double *other = s->hessian;

		if (row[i] < 0)
		{
			StateInvalid(source, "its Hessian has a negative diagonal element");
			return;
		}
		for (j = 0; j < i; j++)
		{
			if (fabs(row[j]) > sqrt(row[i]) * sqrt(other[j]) * more + DBL_MIN)
			{
				StateInvalid(source, "its Hessian is not positive semidefinite");
				return;
			}
			other += j + 1;
		}
		row += i + 1;
	}
	for (i = 0; i < s->features; i++)
	{
		if (s->unknown[i] < 0 || s->unknown[i] > weight || s->square[i] < 0 ||
			fabs(s->sum[i]) > sqrt(s->square[i]) * sqrt(s->weight) * more + DBL_MIN)
		{
			StateInvalid(source, "a feature's moments contradict each other");
			return;
		}
	}
}

void
ModelMakeRoom(Model *model, int features)
{
	logit_model_init(&model->math, features,
					 palloc(sizeof(double) * LOGIT_MODEL_DOUBLES(features)));
	model->names = palloc0(sizeof(char *) * Max(features, 1));
}

/* What any model obeys; shared by both input forms and the constructors. */
static const char *
ModelFault(const Model *model)
{
	int			k = model->math.features;
	double	   *factor;
	LinalgStatus status;
	int			i;
	int			j;

	if (k < 1)
		return "it has no features";
	if (model->math.examples < 0)
		return "its number of examples is negative";
	for (i = 0; i < k; i++)
	{
		if (model->names[i][0] == '\0')
			return "a feature has an empty name";
		if (model->math.deviation[i] < 0)
			return "a feature has a negative standard deviation";
		for (j = 0; j < i; j++)
			if (strcmp(model->names[i], model->names[j]) == 0)
				return "it names a feature twice";
	}
	factor = palloc(sizeof(double) * (k + 1) * (k + 1));
	status = logit_factor(&model->math, factor);
	pfree(factor);
	if (status != LINALG_OK)
		return "its precision matrix is not positive definite";
	return NULL;
}

/*
 * Input and output
 */

static void
WriteFloats(StringInfo buf, const double *values, int count)
{
	int			i;

	for (i = 0; i < count; i++)
		WireWriteFloat(buf, values[i]);
}

static void
ReadFloats(WireReader *reader, double *values, int count)
{
	int			i;

	for (i = 0; i < count; i++)
		values[i] = WireReadFloat(reader);
}

static void
TextWriteFloats(StringInfo buf, const char *key, const double *values, int count)
{
	int			i;

	TextBeginArray(buf, key);
	for (i = 0; i < count; i++)
		TextWriteFloat(buf, NULL, values[i]);
	TextEndArray(buf);
}

static void
TextReadFloats(TextReader *reader, const char *key, double *values, int count)
{
	int			found = 0;

	TextReadArray(reader, key);
	while (TextReadMore(reader, found))
	{
		double		value = TextReadFloat(reader, NULL);

		CHECK_FOR_INTERRUPTS();
		if (TextFailed(reader))
			return;
		if (found < count)
			values[found] = value;
		found++;
	}
	if (!TextFailed(reader) && found != count)
		TextInvalid(reader, psprintf("\"%s\" has %d elements, and %d are needed",
									 key, found, count));
}

static void
CheckStepInRange(const LogitStep *math)
{
	if (!logit_step_is_finite(math))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("sums of a step are out of range"),
				 errdetail("A derivative overflows double precision."),
				 errhint("Rescale the features, for instance to standard deviation 1.")));
}

static struct varlena *
StepToState(const Step *step)
{
	const LogitStep *s = &step->math;
	StringInfoData buf;
	int			n = s->features + 1;

	StateBegin(&buf, &step_kind);
	WireWriteInt32(&buf, s->features);
	if (s->features > 0)
	{
		CheckStepInRange(s);
		WireWriteInt64(&buf, s->rows);
		WireWriteFloat(&buf, s->weight);
		WireWriteFloat(&buf, s->positives);
		WireWriteFloat(&buf, num_sum_value(&s->log_likelihood));
		WriteFloats(&buf, s->centre, s->features);
		WriteFloats(&buf, s->beta, n);
		WriteFloats(&buf, s->gradient, n);
		WriteFloats(&buf, s->hessian, LOGIT_PACKED(n));
		WriteFloats(&buf, s->unknown, s->features);
		WriteFloats(&buf, s->sum, s->features);
		WriteFloats(&buf, s->square, s->features);
	}
	return StateFinish(&buf);
}

static Step *
StepRead(WireReader *reader, MemoryContext context)
{
	StateSource source = {reader, NULL};
	Step	   *step = StepNew(context);
	LogitStep  *s = &step->math;
	int			features = WireReadCount(reader, LOGIT_MAX_FEATURES,
										 STEP_MIN_FEATURE_BYTES, "features");

	if (features > 0)
	{
		StepMakeRoom(step, features);
		s->rows = WireReadInt64(reader);
		s->weight = WireReadFloat(reader);
		s->positives = WireReadFloat(reader);
		num_sum_add(&s->log_likelihood, WireReadFloat(reader));
		ReadFloats(reader, s->centre, features);
		ReadFloats(reader, s->beta, features + 1);
		ReadFloats(reader, s->gradient, features + 1);
		ReadFloats(reader, s->hessian, LOGIT_PACKED(features + 1));
		ReadFloats(reader, s->unknown, features);
		ReadFloats(reader, s->sum, features);
		ReadFloats(reader, s->square, features);
		ValidateStep(s, &source);
	}
	WireReadEnd(reader);
	return step;
}

static Step *
StepFromState(struct varlena *value, MemoryContext context)
{
	WireReader	reader;

	(void) StateOpen(&reader, value, &step_kind);
	return StepRead(&reader, context);
}

#define PG_GETARG_STEP(n) \
	StepFromState(PG_GETARG_VARLENA_PP(n), CurrentMemoryContext)
#define PG_RETURN_STEP(step) \
	PG_RETURN_POINTER(StepToState(step))

PG_FUNCTION_INFO_V1(logit_step_in);

/* text form to step */
PGDLLEXPORT Datum
logit_step_in(PG_FUNCTION_ARGS)
{
	TextReader	reader;
	StateSource source = {NULL, &reader};
	Step	   *step = StepNew(CurrentMemoryContext);
	LogitStep  *s = &step->math;
	int			features;

	(void) TextOpen(&reader, PG_GETARG_CSTRING(0), &step_kind, fcinfo->context);
	features = (int) TextReadInt(&reader, "features", 0, LOGIT_MAX_FEATURES);
	if (TextFailed(&reader))
		PG_RETURN_NULL();
	if (features > 0)
	{
		StepMakeRoom(step, features);
		s->rows = TextReadInt(&reader, "rows", 0, PG_INT64_MAX);
		s->weight = TextReadFloat(&reader, "weight");
		s->positives = TextReadFloat(&reader, "positives");
		num_sum_add(&s->log_likelihood, TextReadFloat(&reader, "log_likelihood"));
		TextReadFloats(&reader, "means", s->centre, features);
		TextReadFloats(&reader, "beta", s->beta, features + 1);
		TextReadFloats(&reader, "gradient", s->gradient, features + 1);
		TextReadFloats(&reader, "hessian", s->hessian, LOGIT_PACKED(features + 1));
		TextReadFloats(&reader, "unknown", s->unknown, features);
		TextReadFloats(&reader, "sum", s->sum, features);
		TextReadFloats(&reader, "sum_of_squares", s->square, features);
	}
	TextReadEnd(&reader);
	if (!TextFailed(&reader) && features > 0)
		ValidateStep(s, &source);
	if (TextFailed(&reader))
		PG_RETURN_NULL();
	PG_RETURN_STEP(step);
}

static char *
StepToText(const Step *step)
{
	const LogitStep *s = &step->math;
	StringInfoData buf;
	int			n = s->features + 1;

	TextBegin(&buf, &step_kind);
	TextWriteInt(&buf, "features", s->features);
	if (s->features > 0)
	{
		TextWriteInt(&buf, "rows", s->rows);
		TextWriteFloat(&buf, "weight", s->weight);
		TextWriteFloat(&buf, "positives", s->positives);
		TextWriteFloat(&buf, "log_likelihood", num_sum_value(&s->log_likelihood));
		TextWriteFloats(&buf, "means", s->centre, s->features);
		TextWriteFloats(&buf, "beta", s->beta, n);
		TextWriteFloats(&buf, "gradient", s->gradient, n);
		TextWriteFloats(&buf, "hessian", s->hessian, LOGIT_PACKED(n));
		TextWriteFloats(&buf, "unknown", s->unknown, s->features);
		TextWriteFloats(&buf, "sum", s->sum, s->features);
		TextWriteFloats(&buf, "sum_of_squares", s->square, s->features);
	}
	return TextFinish(&buf);
}

PG_FUNCTION_INFO_V1(logit_step_out);

/* step to text form */
PGDLLEXPORT Datum
logit_step_out(PG_FUNCTION_ARGS)
{
	PG_RETURN_CSTRING(StepToText(PG_GETARG_STEP(0)));
}

PG_FUNCTION_INFO_V1(logit_step_recv);

/* binary form to step */
PGDLLEXPORT Datum
logit_step_recv(PG_FUNCTION_ARGS)
{
	WireReader	reader;

	(void) StateOpenMessage(&reader, (StringInfo) PG_GETARG_POINTER(0), &step_kind);
	PG_RETURN_STEP(StepRead(&reader, CurrentMemoryContext));
}

PG_FUNCTION_INFO_V1(logit_step_send);

/* step to binary form, which is what is stored */
PGDLLEXPORT Datum
logit_step_send(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(StepToState(PG_GETARG_STEP(0)));
}

PG_FUNCTION_INFO_V1(logit_step_to_jsonb);

/* cast to jsonb */
PGDLLEXPORT Datum
logit_step_to_jsonb(PG_FUNCTION_ARGS)
{
	return TextToJsonb(StepToText(PG_GETARG_STEP(0)));
}

struct varlena *
ModelToState(const Model *model)
{
	const LogitModel *m = &model->math;
	StringInfoData buf;
	int			i;

	StateBegin(&buf, &model_kind);
	WireWriteInt32(&buf, m->features);
	WireWriteInt64(&buf, m->examples);
	WireWriteFloat(&buf, m->beta[0]);
	for (i = 0; i < m->features; i++)
	{
		WireWriteName(&buf, model->names[i], strlen(model->names[i]));
		WireWriteFloat(&buf, m->centre[i]);
		WireWriteFloat(&buf, m->deviation[i]);
		WireWriteFloat(&buf, m->beta[i + 1]);
	}
	WriteFloats(&buf, m->precision, LOGIT_PACKED(m->features + 1));
	return StateFinish(&buf);
}

/* The fields after the header. */
static Model *
ModelRead(WireReader *reader)
{
	StateSource source = {reader, NULL};
	Model	   *model = palloc(sizeof(Model));
	int			features = WireReadCount(reader, LOGIT_MAX_FEATURES,
										 MODEL_MIN_FEATURE_BYTES, "features");
	LogitModel *m = &model->math;
	const char *fault;
	int			i;

	ModelMakeRoom(model, features);
	m->examples = WireReadInt64(reader);
	m->beta[0] = WireReadFloat(reader);
	for (i = 0; i < features; i++)
	{
		size_t		length;

		model->names[i] = WireReadName(reader, &length);
		m->centre[i] = WireReadFloat(reader);
		m->deviation[i] = WireReadFloat(reader);
		m->beta[i + 1] = WireReadFloat(reader);
	}
	ReadFloats(reader, m->precision, LOGIT_PACKED(features + 1));
	fault = ModelFault(model);
	if (fault != NULL)
		StateInvalid(&source, fault);
	WireReadEnd(reader);
	return model;
}

static Model *
ModelFromState(struct varlena *value)
{
	WireReader	reader;

	(void) StateOpen(&reader, value, &model_kind);
	return ModelRead(&reader);
}

#define PG_GETARG_MODEL(n) \
	ModelFromState(PG_GETARG_VARLENA_PP(n))

PG_FUNCTION_INFO_V1(logit_model_in);

/* text form to model */
PGDLLEXPORT Datum
logit_model_in(PG_FUNCTION_ARGS)
{
	TextReader	reader;
	Model	   *model = palloc(sizeof(Model));
	LogitModel *m = &model->math;
	int64		examples;
	double		intercept;
	char	   *names[LOGIT_MAX_FEATURES];
	double		centre[LOGIT_MAX_FEATURES];
	double		deviation[LOGIT_MAX_FEATURES];
	double		coefficient[LOGIT_MAX_FEATURES];
	const char *fault;
	int			count = 0;

	(void) TextOpen(&reader, PG_GETARG_CSTRING(0), &model_kind, fcinfo->context);
	examples = TextReadInt(&reader, "examples", 0, PG_INT64_MAX);
	intercept = TextReadFloat(&reader, "intercept");
	TextReadArray(&reader, "features");
	while (TextReadMore(&reader, count))
	{
		CHECK_FOR_INTERRUPTS();
		if (count == LOGIT_MAX_FEATURES)
		{
			TextInvalid(&reader, psprintf("it has more than %d features", LOGIT_MAX_FEATURES));
			break;
		}
		TextReadObject(&reader, NULL);
		names[count] = TextReadString(&reader, "feature", BTWIN_MAX_NAME_BYTES);
		centre[count] = TextReadFloat(&reader, "mean");
		deviation[count] = TextReadFloat(&reader, "deviation");
		coefficient[count] = TextReadFloat(&reader, "coefficient");
		TextReadObjectEnd(&reader);
		if (TextFailed(&reader))
			break;
		count++;
	}
	if (TextFailed(&reader))
		PG_RETURN_NULL();

	ModelMakeRoom(model, count);
	m->examples = examples;
	m->beta[0] = intercept;
	memcpy(model->names, names, sizeof(char *) * count);
	memcpy(m->centre, centre, sizeof(double) * count);
	memcpy(m->deviation, deviation, sizeof(double) * count);
	memcpy(m->beta + 1, coefficient, sizeof(double) * count);
	TextReadFloats(&reader, "precision", m->precision, LOGIT_PACKED(count + 1));
	TextReadEnd(&reader);
	if (TextFailed(&reader))
		PG_RETURN_NULL();
	fault = ModelFault(model);
	if (fault != NULL)
	{
		TextInvalid(&reader, fault);
		PG_RETURN_NULL();
	}
	PG_RETURN_MODEL(model);
}

static char *
ModelToText(const Model *model)
{
	const LogitModel *m = &model->math;
	StringInfoData buf;
	int			i;

	TextBegin(&buf, &model_kind);
	TextWriteInt(&buf, "examples", m->examples);
	TextWriteFloat(&buf, "intercept", m->beta[0]);
	TextBeginArray(&buf, "features");
	for (i = 0; i < m->features; i++)
	{
		TextBeginObject(&buf, NULL);
		TextWriteString(&buf, "feature", model->names[i]);
		TextWriteFloat(&buf, "mean", m->centre[i]);
		TextWriteFloat(&buf, "deviation", m->deviation[i]);
		TextWriteFloat(&buf, "coefficient", m->beta[i + 1]);
		TextEndObject(&buf);
	}
	TextEndArray(&buf);
	TextWriteFloats(&buf, "precision", m->precision, LOGIT_PACKED(m->features + 1));
	return TextFinish(&buf);
}

PG_FUNCTION_INFO_V1(logit_model_out);

/* model to text form */
PGDLLEXPORT Datum
logit_model_out(PG_FUNCTION_ARGS)
{
	PG_RETURN_CSTRING(ModelToText(PG_GETARG_MODEL(0)));
}

PG_FUNCTION_INFO_V1(logit_model_recv);

/* binary form to model */
PGDLLEXPORT Datum
logit_model_recv(PG_FUNCTION_ARGS)
{
	WireReader	reader;

	(void) StateOpenMessage(&reader, (StringInfo) PG_GETARG_POINTER(0), &model_kind);
	PG_RETURN_MODEL(ModelRead(&reader));
}

PG_FUNCTION_INFO_V1(logit_model_send);

/* model to binary form, which is what is stored */
PGDLLEXPORT Datum
logit_model_send(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(ModelToState(PG_GETARG_MODEL(0)));
}

PG_FUNCTION_INFO_V1(logit_model_to_jsonb);

/* cast to jsonb */
PGDLLEXPORT Datum
logit_model_to_jsonb(PG_FUNCTION_ARGS)
{
	return TextToJsonb(ModelToText(PG_GETARG_MODEL(0)));
}

/*
 * Arrays of numbers
 */

/*
 * A transition reads two of them per row, so nothing is allocated for any form
 * a float8[] comes in: plain, with a short header (unaligned), or expanded as
 * PL/pgSQL keeps its variables.  Only compressed and external values are
 * fetched.
 */
static void
ReadVector(Datum datum, const char *name, int bound, const char *things, Vector *v)
{
	struct varlena *value = (struct varlena *) DatumGetPointer(datum);
	const char *bytes;
	const bits8 *bitmap = NULL;
	const char *data;
	ArrayType	header;			/* only its fields after the length are set */
	int			i;

	if (VARATT_IS_EXTERNAL_EXPANDED(value))
	{
		ExpandedArrayHeader *expanded = (ExpandedArrayHeader *) DatumGetEOHP(datum);

		if (expanded->fvalue != NULL)
			value = (struct varlena *) expanded->fvalue;
		else
			value = pg_detoast_datum(value);
	}
	else if (VARATT_IS_EXTENDED(value) && !VARATT_IS_SHORT(value))
		value = pg_detoast_datum(value);

	/* where the fields after the length word begin */
	bytes = VARDATA_ANY(value);
	memcpy((char *) &header + VARHDRSZ, bytes, sizeof(ArrayType) - VARHDRSZ);
	Assert(header.elemtype == FLOAT8OID);
	v->count = 0;
	v->nulls = 0;
	if (header.ndim == 0)
		return;
	if (header.ndim > 1)
		ereport(ERROR,
				(errcode(ERRCODE_ARRAY_SUBSCRIPT_ERROR),
				 errmsg("\"%s\" must be a one-dimensional array", name),
				 errdetail("Found %d dimensions.", header.ndim),
				 errhint("Pass a plain list of values.")));
	memcpy(&v->count, bytes + sizeof(ArrayType) - VARHDRSZ, sizeof(int));
	CheckBound(v->count, bound, things, "Leave out features that tell little.");
	if (header.dataoffset != 0)
	{
		bitmap = (const bits8 *) bytes + sizeof(ArrayType) - VARHDRSZ + 2 * sizeof(int);
		data = bytes + header.dataoffset - VARHDRSZ;
	}
	else
		data = bytes + ARR_OVERHEAD_NONULLS(1) - VARHDRSZ;
	for (i = 0; i < v->count; i++)
	{
		if (bitmap != NULL && (bitmap[i / 8] & (1 << (i % 8))) == 0)
		{
			v->values[i] = get_float8_nan();
			v->nulls++;
			continue;
		}
		memcpy(&v->values[i], data, sizeof(double));
		data += sizeof(double);
		CheckFinite(v->values[i], name);
	}
}

static void
CheckNoNulls(const Vector *v, const char *name, const char *hint)
{
	if (unlikely(v->nulls > 0))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("\"%s\" must not contain nulls", name),
				 errdetail("Found %d.", v->nulls),
				 errhint("%s", hint)));
}

static void
CheckFeatureCount(int found, int needed, const char *name)
{
	if (unlikely(found != needed))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg_plural("expected %d feature, not %d",
							   "expected %d features, not %d",
							   needed, needed, found),
				 errdetail("\"%s\" has one element per feature of the model, in its order.", name),
				 errhint("Pass NULL for a feature that is not known.")));
}

void
ReadFeatures(Datum datum, int needed, const char *name, Vector *x)
{
	ReadVector(datum, name, PG_INT32_MAX, "features", x);
	CheckFeatureCount(x->count, needed, name);
}

/*
 * Transition
 */

static Step *
StepFromArgument(FunctionCallInfo fcinfo)
{
	if (PG_ARGISNULL(0))
		return StepNew(AggregateContext(fcinfo));
	return (Step *) PG_GETARG_POINTER(0);
}

static void
StepAdd(Step *step, bool y, const Vector *x, double weight)
{
	if (!logit_step_add(&step->math, y, x->values, weight))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("log odds are out of range"),
				 errdetail("Coefficients times features overflow double precision."),
				 errhint("Rescale the features, for instance to standard deviation 1.")));
}

/* The point from an array of coefficients. */
static void
StepSetBeta(Step *step, Datum argument)
{
	Vector		beta;

	ReadVector(argument, "beta", LOGIT_MAX_COEFFICIENTS, "coefficients", &beta);
	CheckNoNulls(&beta, "beta", "Start from zeros.");
	if (beta.count < 2)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("\"beta\" must have at least 2 elements"),
				 errdetail("Found %d; the first is the intercept, then follows one per feature.", beta.count),
				 errhint("Start from zeros, one more than there are features.")));
	StepSetPoint(step, beta.count - 1, beta.values, NULL);
	StepRememberPoint(step, argument);
}

/* y, x, beta */
static Datum
StepTransition(FunctionCallInfo fcinfo, double weight)
{
	Step	   *step = StepFromArgument(fcinfo);
	Vector		x;

	CheckNotNull(PG_ARGISNULL(3), "beta");
	if (PG_ARGISNULL(1) || PG_ARGISNULL(2))
		PG_RETURN_POINTER(step);
	if (!StepKnowsPoint(step, PG_GETARG_DATUM(3)))
		StepSetBeta(step, PG_GETARG_DATUM(3));
	ReadFeatures(PG_GETARG_DATUM(2), step->math.features, "x", &x);
	CheckNoNulls(&x, "x", "Pass a btwin.logit_model instead of coefficients: it puts an unknown feature at its mean.");
	StepAdd(step, PG_GETARG_BOOL(1), &x, weight);
	PG_RETURN_POINTER(step);
}

/* model, y, x */
static Datum
StepModelTransition(FunctionCallInfo fcinfo, double weight)
{
	Step	   *step = StepFromArgument(fcinfo);
	Vector		x;

	CheckNotNull(PG_ARGISNULL(1), "model");
	if (PG_ARGISNULL(2) || PG_ARGISNULL(3))
		PG_RETURN_POINTER(step);
	if (!StepKnowsPoint(step, PG_GETARG_DATUM(1)))
	{
		Model	   *model = PG_GETARG_MODEL(1);

		StepSetPoint(step, model->math.features, model->math.beta, model->math.centre);
		StepRememberPoint(step, PG_GETARG_DATUM(1));
	}
	ReadFeatures(PG_GETARG_DATUM(3), step->math.features, "x", &x);
	StepAdd(step, PG_GETARG_BOOL(2), &x, weight);
	PG_RETURN_POINTER(step);
}

/* The weight of argument 4; false: unknown, so the row is skipped. */
static bool
RowWeight(FunctionCallInfo fcinfo, double *weight)
{
	if (PG_ARGISNULL(4))
		return false;
	*weight = PG_GETARG_FLOAT8(4);
	CheckNotNegative(*weight, "weight");
	return true;
}

PG_FUNCTION_INFO_V1(logit_step_accum);

/* one row: y, x, beta */
PGDLLEXPORT Datum
logit_step_accum(PG_FUNCTION_ARGS)
{
	return StepTransition(fcinfo, 1.0);
}

PG_FUNCTION_INFO_V1(logit_step_accum_weighted);

/* one row: y, x, beta, weight */
PGDLLEXPORT Datum
logit_step_accum_weighted(PG_FUNCTION_ARGS)
{
	double		weight;

	if (!RowWeight(fcinfo, &weight))
		PG_RETURN_POINTER(StepFromArgument(fcinfo));
	return StepTransition(fcinfo, weight);
}

PG_FUNCTION_INFO_V1(logit_step_accum_model);

/* one row: model, y, x */
PGDLLEXPORT Datum
logit_step_accum_model(PG_FUNCTION_ARGS)
{
	return StepModelTransition(fcinfo, 1.0);
}

PG_FUNCTION_INFO_V1(logit_step_accum_model_weighted);

/* one row: model, y, x, weight */
PGDLLEXPORT Datum
logit_step_accum_model_weighted(PG_FUNCTION_ARGS)
{
	double		weight;

	if (!RowWeight(fcinfo, &weight))
		PG_RETURN_POINTER(StepFromArgument(fcinfo));
	return StepModelTransition(fcinfo, weight);
}

PG_FUNCTION_INFO_V1(logit_step_rollup_accum);

/* one stored step */
PGDLLEXPORT Datum
logit_step_rollup_accum(PG_FUNCTION_ARGS)
{
	Step	   *step = StepFromArgument(fcinfo);

	if (!PG_ARGISNULL(1))
		StepMerge(step, PG_GETARG_STEP(1));
	PG_RETURN_POINTER(step);
}

/*
 * Combine, serial pair, final
 */

PG_FUNCTION_INFO_V1(logit_step_combine);

PGDLLEXPORT Datum
logit_step_combine(PG_FUNCTION_ARGS)
{
	MemoryContext context = AggregateContext(fcinfo);
	Step	   *into = PG_ARGISNULL(0) ? NULL : (Step *) PG_GETARG_POINTER(0);

	if (PG_ARGISNULL(1))
	{
		if (into == NULL)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(into);
	}
	/* always a copy: the second state dies with the worker's tuple */
	if (into == NULL)
		into = StepNew(context);
	StepMerge(into, (Step *) PG_GETARG_POINTER(1));
	PG_RETURN_POINTER(into);
}

PG_FUNCTION_INFO_V1(logit_step_serialize);

PGDLLEXPORT Datum
logit_step_serialize(PG_FUNCTION_ARGS)
{
	(void) AggregateContext(fcinfo);
	PG_RETURN_POINTER(StepToState((Step *) PG_GETARG_POINTER(0)));
}

PG_FUNCTION_INFO_V1(logit_step_deserialize);

PGDLLEXPORT Datum
logit_step_deserialize(PG_FUNCTION_ARGS)
{
	(void) AggregateContext(fcinfo);
	PG_RETURN_POINTER(StepFromState(PG_GETARG_VARLENA_PP(0), CurrentMemoryContext));
}

PG_FUNCTION_INFO_V1(logit_step_final);

/* only reads: a window calls it many times over one state */
PGDLLEXPORT Datum
logit_step_final(PG_FUNCTION_ARGS)
{
	(void) AggregateContext(fcinfo);
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	PG_RETURN_STEP((Step *) PG_GETARG_POINTER(0));
}

/*
 * Accessors of a step
 */

static Datum
FloatArray(const double *values, int count)
{
	Datum	   *elements = palloc(sizeof(Datum) * count);
	int			i;

	for (i = 0; i < count; i++)
		elements[i] = Float8GetDatum(values[i]);
	return PointerGetDatum(construct_array(elements, count, FLOAT8OID,
										   sizeof(float8), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
}

/* A packed symmetric matrix as a square array. */
static Datum
FloatMatrix(const double *packed, int n)
{
	Datum	   *elements = palloc(sizeof(Datum) * n * n);
	int			dims[2];
	int			lbs[2] = {1, 1};
	int			i;
	int			j;

	for (i = 0; i < n; i++)
		for (j = 0; j <= i; j++)
			elements[i * n + j] = elements[j * n + i] = Float8GetDatum(*packed++);
	dims[0] = dims[1] = n;
	return PointerGetDatum(construct_md_array(elements, NULL, 2, dims, lbs, FLOAT8OID,
											  sizeof(float8), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
}

PG_FUNCTION_INFO_V1(logit_step_evidence);

/* rows seen */
PGDLLEXPORT Datum
logit_step_evidence(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT64(PG_GETARG_STEP(0)->math.rows);
}

PG_FUNCTION_INFO_V1(logit_step_log_loss);

/* mean negative log likelihood at the point */
PGDLLEXPORT Datum
logit_step_log_loss(PG_FUNCTION_ARGS)
{
	LogitStep	s = PG_GETARG_STEP(0)->math;

	if (s.features == 0 || s.weight <= 0.0)
		PG_RETURN_NULL();
	/* minus zero is zero */
	PG_RETURN_FLOAT8(0.0 - num_sum_value(&s.log_likelihood) / s.weight);
}

PG_FUNCTION_INFO_V1(logit_step_positive_rate);

/* share of rows with y true, by weight */
PGDLLEXPORT Datum
logit_step_positive_rate(PG_FUNCTION_ARGS)
{
	LogitStep	s = PG_GETARG_STEP(0)->math;

	if (s.features == 0 || s.weight <= 0.0)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(s.positives / s.weight);
}

PG_FUNCTION_INFO_V1(logit_step_beta);

/* the point */
PGDLLEXPORT Datum
logit_step_beta(PG_FUNCTION_ARGS)
{
	LogitStep	s = PG_GETARG_STEP(0)->math;

	if (s.features == 0)
		PG_RETURN_NULL();
	PG_RETURN_DATUM(FloatArray(s.beta, s.features + 1));
}

PG_FUNCTION_INFO_V1(logit_step_gradient);

/* first derivatives of the log likelihood */
PGDLLEXPORT Datum
logit_step_gradient(PG_FUNCTION_ARGS)
{
	LogitStep	s = PG_GETARG_STEP(0)->math;

	if (s.features == 0)
		PG_RETURN_NULL();
	PG_RETURN_DATUM(FloatArray(s.gradient, s.features + 1));
}

PG_FUNCTION_INFO_V1(logit_step_hessian);

/* second derivatives of the negative log likelihood */
PGDLLEXPORT Datum
logit_step_hessian(PG_FUNCTION_ARGS)
{
	LogitStep	s = PG_GETARG_STEP(0)->math;

	if (s.features == 0)
		PG_RETURN_NULL();
	PG_RETURN_DATUM(FloatMatrix(s.hessian, s.features + 1));
}

PG_FUNCTION_INFO_V1(logit_step_feature_moments);

/* known weight, mean and standard deviation of every feature */
PGDLLEXPORT Datum
logit_step_feature_moments(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	LogitStep	s = PG_GETARG_STEP(0)->math;
	int			i;

	InitMaterializedSRF(fcinfo, 0);
	for (i = 0; i < s.features; i++)
	{
		double		known = Max(s.weight - s.unknown[i], 0.0);
		double		shift;
		Datum		values[4];
		bool		nulls[4] = {false};

		values[0] = Int32GetDatum(i + 1);
		values[1] = Float8GetDatum(known);
		nulls[2] = nulls[3] = known <= 0.0;
		shift = nulls[2] ? 0.0 : s.sum[i] / known;
		values[2] = Float8GetDatum(s.centre[i] + shift);
		values[3] = Float8GetDatum(nulls[3] ? 0.0 :
								   sqrt(Max(s.square[i] / known - shift * shift, 0.0)));
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
	return (Datum) 0;
}

static void
CheckNewton(LinalgStatus status)
{
	if (status == LINALG_OK)
		return;
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("the step has no unique Newton direction"),
			 errdetail("Its Hessian together with the prior is not positive definite to working precision."),
			 errhint("Use a stronger prior (a larger ridge), or leave out features that are constant or repeat others.")));
}

static double
NewtonFromRidge(FunctionCallInfo fcinfo, LogitStep *s, double *next)
{
	LogitPrior	prior = {NULL, NULL, PG_GETARG_FLOAT8(1)};
	double		decrement;

	CheckNotNegative(prior.ridge, "ridge");
	CheckNewton(logit_newton(s, &prior, 1.0, next, NULL, &decrement,
							 palloc(sizeof(double) * LOGIT_SOLVE_DOUBLES(s->features + 1))));
	return decrement;
}

PG_FUNCTION_INFO_V1(logit_step_next_ridge);

/* coefficients after the step, under a ridge */
PGDLLEXPORT Datum
logit_step_next_ridge(PG_FUNCTION_ARGS)
{
	LogitStep	s = PG_GETARG_STEP(0)->math;
	double		next[LOGIT_MAX_COEFFICIENTS];

	if (s.features == 0)
		PG_RETURN_NULL();
	(void) NewtonFromRidge(fcinfo, &s, next);
	PG_RETURN_DATUM(FloatArray(next, s.features + 1));
}

PG_FUNCTION_INFO_V1(logit_step_decrement_ridge);

/* how far the step is from the maximum, under a ridge */
PGDLLEXPORT Datum
logit_step_decrement_ridge(PG_FUNCTION_ARGS)
{
	LogitStep	s = PG_GETARG_STEP(0)->math;
	double		next[LOGIT_MAX_COEFFICIENTS];

	if (s.features == 0)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(Max(NewtonFromRidge(fcinfo, &s, next), 0.0));
}

/* A model as prior: of the same features about the same means. */
static LogitPrior
PriorFromModel(const Model *model, const LogitStep *s)
{
	LogitPrior	prior = {model->math.beta, model->math.precision, 0.0};
	int			i;

	if (s->features != model->math.features)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("step and prior have different features"),
				 errdetail("The step has %d, the prior %d.",
						   s->features, model->math.features),
				 errhint("Take the step at a model that descends from this prior.")));
	for (i = 0; i < s->features; i++)
		if (s->centre[i] != model->math.centre[i])
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("step and prior have different means"),
					 errdetail("Feature \"%s\" stands at %g in the step and at %g in the prior.",
							   model->names[i], s->centre[i], model->math.centre[i]),
					 errhint("Take the step at a model that descends from this prior.")));
	return prior;
}

PG_FUNCTION_INFO_V1(logit_step_next_model);

/* the model after the step, under a prior */
PGDLLEXPORT Datum
logit_step_next_model(PG_FUNCTION_ARGS)
{
	LogitStep	s = PG_GETARG_STEP(0)->math;
	Model	   *model = PG_GETARG_MODEL(1);
	double		damping = PG_GETARG_FLOAT8(2);
	LogitPrior	prior;
	double		next[LOGIT_MAX_COEFFICIENTS];
	double	   *posterior;
	double		decrement;

	CheckRange(damping, 0.0, 1.0, "damping");
	if (s.features == 0)
		PG_RETURN_NULL();
	prior = PriorFromModel(model, &s);
	posterior = palloc(sizeof(double) * LOGIT_PACKED(s.features + 1));
	CheckNewton(logit_newton(&s, &prior, damping, next, posterior, &decrement,
							 palloc(sizeof(double) * LOGIT_SOLVE_DOUBLES(s.features + 1))));
	memcpy(model->math.beta, next, sizeof(double) * (s.features + 1));
	memcpy(model->math.precision, posterior,
		   sizeof(double) * LOGIT_PACKED(s.features + 1));
	if (pg_add_s64_overflow(model->math.examples, s.rows, &model->math.examples))
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many examples in one model")));
	PG_RETURN_MODEL(model);
}

PG_FUNCTION_INFO_V1(logit_step_decrement_model);

/* how far the step is from the maximum, under a prior */
PGDLLEXPORT Datum
logit_step_decrement_model(PG_FUNCTION_ARGS)
{
	LogitStep	s = PG_GETARG_STEP(0)->math;
	LogitPrior	prior;
	double		next[LOGIT_MAX_COEFFICIENTS];
	double		decrement;

	if (s.features == 0)
		PG_RETURN_NULL();
	prior = PriorFromModel(PG_GETARG_MODEL(1), &s);
	CheckNewton(logit_newton(&s, &prior, 1.0, next, NULL, &decrement,
							 palloc(sizeof(double) * LOGIT_SOLVE_DOUBLES(s.features + 1))));
	PG_RETURN_FLOAT8(Max(decrement, 0.0));
}

PG_FUNCTION_INFO_V1(logit_step_log_posterior);

/* what training maximises */
PGDLLEXPORT Datum
logit_step_log_posterior(PG_FUNCTION_ARGS)
{
	LogitStep	s = PG_GETARG_STEP(0)->math;
	LogitPrior	prior;
	double		value;

	if (s.features == 0)
		PG_RETURN_NULL();
	prior = PriorFromModel(PG_GETARG_MODEL(1), &s);
	value = logit_log_posterior(&s, &prior);
	if (!isfinite(value))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("log posterior is out of range"),
				 errdetail("The point of the step lies too far from the mean of the prior for double precision."),
				 errhint("Check the unit of the features.")));
	PG_RETURN_FLOAT8(value);
}

/*
 * Models
 */

static void
CheckModel(const Model *model)
{
	const char *fault = ModelFault(model);

	if (fault != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the model is not valid because %s", fault),
				 errhint("Features need different names, standard deviations of at least 0 and a positive definite precision.")));
}

/* Names from an array: at least one, not too many. */
static void
ModelFromNames(Model *model, ArrayType *array)
{
	int			count;
	char	  **names = CheckTextArray(array, "features", &count);
	int			i;

	if (count == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("\"features\" must not be empty"),
				 errhint("Name at least one feature.")));
	CheckBound(count, LOGIT_MAX_FEATURES, "features", "Leave out features that tell little.");
	ModelMakeRoom(model, count);
	for (i = 0; i < count; i++)
	{
		CheckNameLength(strlen(names[i]), "features");
		model->names[i] = names[i];
	}
}

/* One number per feature, or zeros where the argument is NULL. */
static void
ModelNumbers(FunctionCallInfo fcinfo, int argument, const char *name,
			 int needed, double *values)
{
	int			count;
	double	   *found;

	if (PG_ARGISNULL(argument))
		return;
	found = CheckFloatArray(PG_GETARG_ARRAYTYPE_P(argument), name, &count);
	CheckSameLength(count, name, needed, "features");
	memcpy(values, found, sizeof(double) * needed);
}

PG_FUNCTION_INFO_V1(logit_model_make);

/* a model from plain arrays */
PGDLLEXPORT Datum
logit_model_make(PG_FUNCTION_ARGS)
{
	Model		model;
	LogitModel *m = &model.math;
	ArrayType  *array;
	double	   *found;
	int			count;
	int			n;
	int			i;
	int			j;

	CheckNotNull(PG_ARGISNULL(0), "features");
	CheckNotNull(PG_ARGISNULL(1), "coefficients");
	CheckNotNull(PG_ARGISNULL(2), "precision_matrix");
	CheckNotNull(PG_ARGISNULL(5), "evidence_count");
	ModelFromNames(&model, PG_GETARG_ARRAYTYPE_P(0));
	n = m->features + 1;

	found = CheckFloatArray(PG_GETARG_ARRAYTYPE_P(1), "coefficients", &count);
	if (count != n)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("expected %d coefficients, not %d", n, count),
				 errdetail("The first is the intercept, then follows one per feature."),
				 errhint("Put the intercept in front.")));
	memcpy(m->beta, found, sizeof(double) * n);

	/* a square matrix, or its diagonal */
	array = PG_GETARG_ARRAYTYPE_P(2);
	if (ARR_NDIM(array) == 2 && ARR_DIMS(array)[0] == n && ARR_DIMS(array)[1] == n)
	{
		if (array_contains_nulls(array))
			CheckNotNull(true, "precision_matrix");
		found = (double *) ARR_DATA_PTR(array);
		for (i = 0; i < n; i++)
			for (j = 0; j <= i; j++)
			{
				double		value = found[i * n + j];

				CheckFinite(value, "precision_matrix");
				if (value != found[j * n + i])
					ereport(ERROR,
							(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
							 errmsg("\"precision_matrix\" must be symmetric"),
							 errdetail("Elements (%d, %d) and (%d, %d) differ.",
									   i + 1, j + 1, j + 1, i + 1),
							 errhint("Use the mean of the two.")));
				m->precision[LOGIT_PACKED(i) + j] = value;
			}
	}
	else if (ARR_NDIM(array) == 1 && ARR_DIMS(array)[0] == n)
	{
		found = CheckFloatArray(array, "precision_matrix", &count);
		for (i = 0; i < n; i++)
			m->precision[LOGIT_PACKED(i) + i] = found[i];
	}
	else
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("\"precision_matrix\" must be %d by %d, or its diagonal of %d elements", n, n, n),
				 errdetail("Found %d dimensions, the first of %d elements.",
						   ARR_NDIM(array), ARR_NDIM(array) > 0 ? ARR_DIMS(array)[0] : 0),
				 errhint("Its first row and column belong to the intercept.")));
	ModelNumbers(fcinfo, 3, "means", m->features, m->centre);
	ModelNumbers(fcinfo, 4, "deviations", m->features, m->deviation);
	m->examples = PG_GETARG_INT64(5);
	CheckIntRange(m->examples, 0, PG_INT64_MAX, "evidence_count");
	CheckModel(&model);
	PG_RETURN_MODEL(&model);
}

PG_FUNCTION_INFO_V1(logit_prior);

/* a model that knows nothing but scales */
PGDLLEXPORT Datum
logit_prior(PG_FUNCTION_ARGS)
{
	Model		model;
	LogitModel *m = &model.math;
	double		prior_sd = PG_GETARG_FLOAT8(3);
	double		intercept_sd = PG_GETARG_FLOAT8(4);
	int			i;

	ModelFromNames(&model, PG_GETARG_ARRAYTYPE_P(0));
	ModelNumbers(fcinfo, 1, "means", m->features, m->centre);
	ModelNumbers(fcinfo, 2, "deviations", m->features, m->deviation);
	CheckRange(prior_sd, 1e-6, 1e6, "prior_sd");
	CheckRange(intercept_sd, 1e-6, 1e6, "intercept_sd");
	m->precision[0] = 1.0 / (intercept_sd * intercept_sd);
	for (i = 0; i < m->features; i++)
	{
		/* a constant feature tells nothing, whatever its unit */
		double		scale = m->deviation[i] > 0.0 ? m->deviation[i] : 1.0;

		m->precision[LOGIT_PACKED(i + 1) + i + 1] = (scale / prior_sd) * (scale / prior_sd);
	}
	CheckModel(&model);
	PG_RETURN_MODEL(&model);
}

ModelCache *
ModelCacheFor(FunctionCallInfo fcinfo, const char *bytes, Size length, double rate)
{
	ModelCache *cache = (ModelCache *) fcinfo->flinfo->fn_extra;

	if (cache == NULL)
	{
		cache = MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, sizeof(ModelCache));
		cache->context = AllocSetContextCreate(fcinfo->flinfo->fn_mcxt,
											   "btwin model", ALLOCSET_SMALL_SIZES);
		fcinfo->flinfo->fn_extra = cache;
	}
	else if (cache->model != NULL && cache->rate == rate && cache->length == length &&
			 (length == 0 || memcmp(cache->bytes, bytes, length) == 0))
		return cache;
	cache->model = NULL;		/* an error below leaves it so */
	MemoryContextReset(cache->context);
	return cache;
}

void
ModelCacheFill(ModelCache *cache, const Model *model)
{
	int			n = model->math.features + 1;
	MemoryContext previous = MemoryContextSwitchTo(cache->context);
	Model	   *copy = palloc(sizeof(Model));
	double	   *data;
	int			i;

	data = palloc(sizeof(double) * LOGIT_MODEL_DOUBLES(n - 1));
	logit_model_init(&copy->math, n - 1, data);
	memcpy(data, model->math.centre, sizeof(double) * LOGIT_MODEL_DOUBLES(n - 1));
	copy->math.examples = model->math.examples;
	copy->names = palloc(sizeof(char *) * n);
	for (i = 0; i < n - 1; i++)
		copy->names[i] = pstrdup(model->names[i]);
	cache->factor = palloc(sizeof(double) * n * n);
	cache->work = palloc(sizeof(double) * 2 * n);
	(void) logit_factor(&copy->math, cache->factor);
	MemoryContextSwitchTo(previous);
	cache->model = copy;
}

static ModelCache *
ModelFromArgument(FunctionCallInfo fcinfo, int argument)
{
	struct varlena *value = PG_GETARG_VARLENA_PP(argument);
	ModelCache *cache = ModelCacheFor(fcinfo, VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value), 0.0);

	if (cache->model == NULL)
	{
		Model	   *model = ModelFromState(value);

		cache->bytes = MemoryContextAlloc(cache->context, VARSIZE_ANY_EXHDR(value));
		cache->length = VARSIZE_ANY_EXHDR(value);
		memcpy(cache->bytes, VARDATA_ANY(value), cache->length);
		cache->rate = 0.0;
		ModelCacheFill(cache, model);
	}
	return cache;
}

static LogitPrediction
Predict(ModelCache *cache, Datum features, const char *name, Vector *x)
{
	LogitPrediction p;

	ReadFeatures(features, cache->model->math.features, name, x);
	p = logit_predict(&cache->model->math, cache->factor, x->values, cache->work);
	if (!isfinite(p.logit) || !isfinite(p.base_logit) || isnan(p.low) || isnan(p.high))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("log odds are out of range"),
				 errdetail("Coefficients times features overflow double precision."),
				 errhint("Check the unit of the features.")));
	return p;
}

PG_FUNCTION_INFO_V1(logit_model_predict);

/* probability, interval, evidence */
PGDLLEXPORT Datum
logit_model_predict(PG_FUNCTION_ARGS)
{
	ModelCache *cache = ModelFromArgument(fcinfo, 0);
	Vector		x;
	LogitPrediction p = Predict(cache, PG_GETARG_DATUM(1), "x", &x);
	Datum		values[6];
	bool		nulls[6] = {false};

	values[0] = Float8GetDatum(p.probability);
	values[1] = Float8GetDatum(p.low);
	values[2] = Float8GetDatum(p.high);
	values[3] = Float8GetDatum(1.0 - (p.high - p.low));
	values[4] = Int64GetDatum(cache->model->math.examples);
	values[5] = Int32GetDatum(p.unknown);
	PG_RETURN_DATUM(RowDatum(fcinfo, values, nulls));
}

static void
PutContribution(ReturnSetInfo *rsinfo, const char *factor, const double *value,
				const double *weight, double logit, double contribution, bool is_base)
{
	Datum		values[6];
	bool		nulls[6] = {false};

	values[0] = CStringGetTextDatum(factor);
	nulls[1] = value == NULL;
	values[1] = Float8GetDatum(value != NULL ? *value : 0.0);
	nulls[2] = weight == NULL;
	values[2] = Float8GetDatum(weight != NULL ? *weight : 0.0);
	values[3] = Float8GetDatum(contribution);
	values[4] = Float8GetDatum(logit);
	values[5] = BoolGetDatum(is_base);
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
}

PG_FUNCTION_INFO_V1(logit_model_contributions);

/* what a probability is made of */
PGDLLEXPORT Datum
logit_model_contributions(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	ModelCache *cache = ModelFromArgument(fcinfo, 0);
	const LogitModel *m = &cache->model->math;
	Vector		x;
	LogitPrediction p = Predict(cache, PG_GETARG_DATUM(1), "x", &x);
	double		slope = logit_slope(p.logit, p.base_logit);
	double		rest = p.logit - p.base_logit;
	int			j;

	InitMaterializedSRF(fcinfo, 0);
	PutContribution(rsinfo, "base", NULL, NULL, p.base_logit,
					num_logistic(p.base_logit), true);
	for (j = 0; j < m->features; j++)
	{
		bool		unknown = isnan(x.values[j]);
		double		logit = unknown ? 0.0 : m->beta[j + 1] * (x.values[j] - m->centre[j]);

		rest -= logit;
		PutContribution(rsinfo, cache->model->names[j],
						unknown ? NULL : &x.values[j], &m->beta[j + 1],
						logit, logit * slope, false);
	}
	/* what averaging over the unknown did */
	PutContribution(rsinfo, "uncertainty", NULL, NULL, rest, rest * slope, false);
	return (Datum) 0;
}

PG_FUNCTION_INFO_V1(logit_model_update);

/* the model after one more example */
PGDLLEXPORT Datum
logit_model_update(PG_FUNCTION_ARGS)
{
	Model	   *model = PG_GETARG_MODEL(0);
	LogitModel *m = &model->math;
	double		weight = PG_GETARG_FLOAT8(3);
	int			n = m->features + 1;
	double	   *factor = palloc(sizeof(double) * n * n);
	Vector		x;

	CheckNotNegative(weight, "weight");
	ReadFeatures(PG_GETARG_DATUM(2), m->features, "x", &x);
	(void) logit_factor(m, factor);
	if (m->examples == PG_INT64_MAX)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many examples in one model")));
	if (!logit_update(m, factor, PG_GETARG_BOOL(1), x.values, weight,
					  palloc(sizeof(double) * 2 * n)) ||
		logit_factor(m, factor) != LINALG_OK)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("the updated model is out of range"),
				 errdetail("Its precision is not positive definite to working precision, or overflows."),
				 errhint("Check the unit of the features and the weight.")));
	PG_RETURN_MODEL(model);
}

PG_FUNCTION_INFO_V1(logit_model_coefficients);

/* one row per coefficient, the intercept first */
PGDLLEXPORT Datum
logit_model_coefficients(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	Model	   *model = PG_GETARG_MODEL(0);
	const LogitModel *m = &model->math;
	int			n = m->features + 1;
	double	   *factor = palloc(sizeof(double) * n * n);
	double	   *covariance = palloc(sizeof(double) * n * n);
	int			i;

	(void) logit_factor(m, factor);
	linalg_cholesky_inverse(factor, n, covariance);
	InitMaterializedSRF(fcinfo, 0);
	for (i = 0; i < n; i++)
	{
		double		error = sqrt(covariance[i * n + i]);
		Datum		values[8];
		bool		nulls[8] = {false};

		if (!isfinite(m->beta[i] - LOGIT_INTERVAL_Z * error) ||
			!isfinite(m->beta[i] + LOGIT_INTERVAL_Z * error))
			ereport(ERROR,
					(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					 errmsg("the interval of a coefficient is out of range"),
					 errdetail("The precision of coefficient %d is too small for double precision.", i),
					 errhint("Check the unit of the features, or use a stronger prior.")));
		nulls[1] = nulls[6] = nulls[7] = i == 0;
		values[0] = Int32GetDatum(i);
		values[1] = i == 0 ? (Datum) 0 : CStringGetTextDatum(model->names[i - 1]);
		values[2] = Float8GetDatum(m->beta[i]);
		values[3] = Float8GetDatum(error);
		values[4] = Float8GetDatum(m->beta[i] - LOGIT_INTERVAL_Z * error);
		values[5] = Float8GetDatum(m->beta[i] + LOGIT_INTERVAL_Z * error);
		values[6] = Float8GetDatum(i == 0 ? 0.0 : m->centre[i - 1]);
		values[7] = Float8GetDatum(i == 0 ? 0.0 : m->deviation[i - 1]);
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
	return (Datum) 0;
}

PG_FUNCTION_INFO_V1(logit_model_precision);

/* precision of the coefficients as a square array */
PGDLLEXPORT Datum
logit_model_precision(PG_FUNCTION_ARGS)
{
	Model	   *model = PG_GETARG_MODEL(0);

	PG_RETURN_DATUM(FloatMatrix(model->math.precision, model->math.features + 1));
}

PG_FUNCTION_INFO_V1(logit_model_evidence);

/* examples it was trained on */
PGDLLEXPORT Datum
logit_model_evidence(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT64(PG_GETARG_MODEL(0)->math.examples);
}
