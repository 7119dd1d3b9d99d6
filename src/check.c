/*
 * check.c
 *		Checks of arguments: one wording for one fault.
 */
#include "postgres.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/float.h"

#include "btwin.h"
#include "check.h"

void
CheckFinite(double value, const char *name)
{
	if (unlikely(!isfinite(value)))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("\"%s\" must be a finite number", name),
				 errdetail("Found %s.", isnan(value) ? "NaN" :
						   value > 0 ? "Infinity" : "-Infinity"),
				 errhint("Leave such rows out or pass NULL, which is skipped.")));
}

void
CheckRange(double value, double low, double high, const char *name)
{
	CheckFinite(value, name);
	if (unlikely(value < low || value > high))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("\"%s\" must be between %g and %g", name, low, high),
				 errdetail("Found %s.", float8out_internal(value)),
				 errhint("Check the unit of the value.")));
}

void
CheckPositive(double value, const char *name)
{
	CheckFinite(value, name);
	if (unlikely(value <= 0))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("\"%s\" must be greater than zero", name),
				 errdetail("Found %s.", float8out_internal(value)),
				 errhint("Pass NULL where the value is unknown.")));
}

void
CheckNotNegative(double value, const char *name)
{
	CheckFinite(value, name);
	if (unlikely(value < 0))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("\"%s\" must be greater than or equal to zero", name),
				 errdetail("Found %s.", float8out_internal(value)),
				 errhint("Pass NULL where the value is unknown.")));
}

void
CheckIntRange(int64 value, int64 low, int64 high, const char *name)
{
	if (unlikely(value < low || value > high))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("\"%s\" must be between " INT64_FORMAT " and " INT64_FORMAT,
						name, low, high),
				 errdetail("Found " INT64_FORMAT ".", value),
				 errhint("Check the unit of the value.")));
}

void
CheckNotNull(bool isnull, const char *name)
{
	if (unlikely(isnull))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("\"%s\" must not be null", name),
				 errhint("Pass a value for \"%s\".", name)));
}

int
CheckChoice(const char *value, const char *const *allowed, const char *name)
{
	StringInfoData list;
	int			i;

	for (i = 0; allowed[i] != NULL; i++)
		if (strcmp(value, allowed[i]) == 0)
			return i;

	initStringInfo(&list);
	for (i = 0; allowed[i] != NULL; i++)
		appendStringInfo(&list, "%s\"%s\"", i > 0 ? ", " : "", allowed[i]);
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unknown %s \"%s\"", name, value),
			 errdetail("Argument \"%s\" takes one of a fixed list of names, in %s case.", name,
					   allowed[0][0] >= 'A' && allowed[0][0] <= 'Z' ? "upper" : "lower"),
			 errhint("Use one of %s.", list.data)));
	return -1;					/* not reached */
}

void
CheckNameLength(size_t length, const char *name)
{
	if (unlikely(length < 1 || length > BTWIN_MAX_NAME_BYTES))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("\"%s\" must have 1 to %d bytes", name, BTWIN_MAX_NAME_BYTES),
				 errdetail("Found %zu bytes.", length),
				 errhint("Use a short stable identifier.")));
}

void
CheckBound(int64 count, int64 bound, const char *things, const char *hint)
{
	if (unlikely(count > bound))
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many %s in one state", things),
				 errdetail("A state holds at most " INT64_FORMAT " %s, " INT64_FORMAT " were needed.",
						   bound, things, count),
				 errhint("%s", hint)));
}

static void
CheckArrayShape(ArrayType *array, const char *name)
{
	if (ARR_NDIM(array) > 1)
		ereport(ERROR,
				(errcode(ERRCODE_ARRAY_SUBSCRIPT_ERROR),
				 errmsg("\"%s\" must be a one-dimensional array", name),
				 errdetail("Found %d dimensions.", ARR_NDIM(array)),
				 errhint("Pass a plain list of values.")));
	if (array_contains_nulls(array))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("\"%s\" must not contain nulls", name),
				 errhint("Use array_remove(%s, NULL).", name)));
}

double *
CheckFloatArray(ArrayType *array, const char *name, int *count)
{
	double	   *values;
	int			i;

	Assert(ARR_ELEMTYPE(array) == FLOAT8OID);
	CheckArrayShape(array, name);
	*count = ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array));
	/* float8 is stored as such, aligned, and there are no nulls between */
	values = (double *) ARR_DATA_PTR(array);
	for (i = 0; i < *count; i++)
		CheckFinite(values[i], name);
	return values;
}

char	  **
CheckTextArray(ArrayType *array, const char *name, int *count)
{
	Datum	   *elements;
	char	  **values;
	int			i;

	Assert(ARR_ELEMTYPE(array) == TEXTOID);
	CheckArrayShape(array, name);
	deconstruct_array(array, TEXTOID, -1, false, TYPALIGN_INT,
					  &elements, NULL, count);
	values = palloc(sizeof(char *) * Max(*count, 1));
	for (i = 0; i < *count; i++)
		values[i] = TextDatumGetCString(elements[i]);
	return values;
}

void
CheckSameLength(int found, const char *found_name,
				int needed, const char *needed_name)
{
	if (unlikely(found != needed))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("\"%s\" and \"%s\" must have the same number of elements",
						found_name, needed_name),
				 errdetail("\"%s\" has %d, \"%s\" has %d.",
						   found_name, found, needed_name, needed),
				 errhint("Pass one element of each per observation.")));
}

PG_FUNCTION_INFO_V1(check_range);

/* The value, or the error of CheckRange: for rules written in SQL. */
PGDLLEXPORT Datum
check_range(PG_FUNCTION_ARGS)
{
	double		value = PG_GETARG_FLOAT8(0);

	CheckRange(value, PG_GETARG_FLOAT8(1), PG_GETARG_FLOAT8(2),
			   text_to_cstring(PG_GETARG_TEXT_PP(3)));
	PG_RETURN_FLOAT8(value);
}
