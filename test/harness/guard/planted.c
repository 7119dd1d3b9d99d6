/*
 * planted.c
 *		Faults planted on purpose, to see that the sanitizer build finds them.
 */
#include "postgres.h"

#include "fmgr.h"

PG_MODULE_MAGIC;

PG_FUNCTION_INFO_V1(planted_allocation);
PG_FUNCTION_INFO_V1(planted_value);
PG_FUNCTION_INFO_V1(planted_string);
PG_FUNCTION_INFO_V1(planted_overflow);

/* Writes n bytes into 13, reads them back. */
Datum
planted_allocation(PG_FUNCTION_ARGS)
{
	int32		n = PG_GETARG_INT32(0);
	volatile char *bytes = (char *) palloc(13);
	int32		sum = 0;

	for (int i = 0; i < n; i++)
	{
		bytes[i] = 1;
		sum += bytes[i];
	}
	PG_RETURN_INT32(sum);
}

/* Sums n bytes of a value, however many it has. */
Datum
planted_value(PG_FUNCTION_ARGS)
{
	bytea	   *value = PG_GETARG_BYTEA_PP(0);
	int32		n = PG_GETARG_INT32(1);
	volatile const unsigned char *bytes = (const unsigned char *) VARDATA_ANY(value);
	int32		sum = 0;

	for (int i = 0; i < n; i++)
		sum += bytes[i];
	PG_RETURN_INT32(sum);
}

/* The same for a string and its end. */
Datum
planted_string(PG_FUNCTION_ARGS)
{
	volatile const char *string = PG_GETARG_CSTRING(0);
	int32		n = PG_GETARG_INT32(1);
	int32		sum = 0;

	for (int i = 0; i < n; i++)
		sum += string[i];
	PG_RETURN_INT32(sum);
}

Datum
planted_overflow(PG_FUNCTION_ARGS)
{
	volatile int32 n = PG_GETARG_INT32(0);

	PG_RETURN_INT32(n + 1);
}
