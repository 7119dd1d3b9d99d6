/*
 * result.h
 *		The row that a function with OUT arguments returns.
 */
#ifndef BTWIN_RESULT_H
#define BTWIN_RESULT_H

#include "postgres.h"

#include "access/htup_details.h"
#include "fmgr.h"
#include "funcapi.h"

static inline Datum
RowDatum(FunctionCallInfo fcinfo, Datum *values, bool *nulls)
{
	TupleDesc	desc;

	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	return HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(desc), values, nulls));
}

#endif							/* BTWIN_RESULT_H */
