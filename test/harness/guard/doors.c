/*
 * doors.c
 *		Ways into the state readers that SQL alone does not open: test/t/fuzz_states.pl
 *		pushes mutated states through them.
 *
 * A receive function takes its message, and a deserialize function the bytes
 * of another worker, from the server alone: their arguments are "internal".
 */
#include "postgres.h"

#include "fmgr.h"
#include "lib/stringinfo.h"
#include "utils/lsyscache.h"

#if PG_VERSION_NUM >= 160000
#include "varatt.h"
#endif

PG_MODULE_MAGIC;

PG_FUNCTION_INFO_V1(door_receive);
PG_FUNCTION_INFO_V1(door_stored);
PG_FUNCTION_INFO_V1(door_worker);

extern PGDLLEXPORT Datum door_receive(PG_FUNCTION_ARGS);
extern PGDLLEXPORT Datum door_stored(PG_FUNCTION_ARGS);
extern PGDLLEXPORT Datum door_worker(PG_FUNCTION_ARGS);

/*
 * door_receive(bytes bytea, of anyelement) returns anyelement: what binary COPY
 * and a binary parameter do with the bytes of a value.
 */
Datum
door_receive(PG_FUNCTION_ARGS)
{
	bytea	   *bytes = PG_GETARG_BYTEA_PP(0);
	StringInfoData message;
	Oid			receive;
	Oid			io_param;
	Datum		value;

	getTypeBinaryInputInfo(get_fn_expr_rettype(fcinfo->flinfo), &receive, &io_param);
	initStringInfo(&message);
	appendBinaryStringInfo(&message, VARDATA_ANY(bytes), VARSIZE_ANY_EXHDR(bytes));
	value = OidReceiveFunctionCall(receive, &message, io_param, -1);
	if (message.cursor != message.len)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("incorrect binary data format")));
	PG_RETURN_DATUM(value);
}

/*
 * door_stored(bytes bytea, of anyelement) returns anyelement: a value of that
 * type that no input function has seen, as a damaged page has it.
 */
Datum
door_stored(PG_FUNCTION_ARGS)
{
	PG_RETURN_BYTEA_P(PG_GETARG_BYTEA_P_COPY(0));
}

/*
 * door_worker(state internal, deserialize oid, combine oid, bytes bytea) returns
 * internal: a transition that takes in what a parallel worker has sent.
 */
Datum
door_worker(PG_FUNCTION_ARGS)
{
	LOCAL_FCINFO(call, 2);
	FmgrInfo	function;
	Datum		sent;
	Datum		state;

	fmgr_info(PG_GETARG_OID(1), &function);
	InitFunctionCallInfoData(*call, &function, 2, InvalidOid, fcinfo->context, NULL);
	call->args[0].value = PointerGetDatum(PG_GETARG_BYTEA_PP(3));
	call->args[0].isnull = false;
	call->args[1].value = (Datum) 0;
	call->args[1].isnull = false;
	sent = FunctionCallInvoke(call);
	if (call->isnull)
		elog(ERROR, "deserialize function %u returned NULL", function.fn_oid);

	fmgr_info(PG_GETARG_OID(2), &function);
	InitFunctionCallInfoData(*call, &function, 2, InvalidOid, fcinfo->context, NULL);
	call->args[0].value = PG_ARGISNULL(0) ? (Datum) 0 : PG_GETARG_DATUM(0);
	call->args[0].isnull = PG_ARGISNULL(0);
	call->args[1].value = sent;
	call->args[1].isnull = false;
	state = FunctionCallInvoke(call);
	if (call->isnull)
		PG_RETURN_NULL();
	PG_RETURN_DATUM(state);
}
