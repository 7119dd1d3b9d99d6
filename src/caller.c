/*
 * caller.c
 *		Who calls, in the ordinary case: a learner who is known by a claim and
 *		asks for what is the learner's own.
 *
 * Every function of btwin_api begins with this, so it is to cost little.  What
 * is out of the ordinary, and everything that is refused, is left to functions
 * in PL/pgSQL: these here answer NULL then.
 *
 * The two tables of one row are read directly, after a look at the rights of
 * the current role; rows of learners are read through the executor, with the
 * rights and under the policies of that role.
 */
#include "postgres.h"

#include "access/relation.h"
#include "access/table.h"
#include "access/tableam.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "executor/tuptable.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "nodes/parsenodes.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#include "compat.h"

PG_FUNCTION_INFO_V1(btwin_known_caller);
PG_FUNCTION_INFO_V1(btwin_known_zone);

#define MOST_COLUMNS 2

/*
 * The row of a table of btwin that has one.  False where there is no such
 * table, it has another number of rows, or the current role may not simply read
 * it: then nothing was learned.  What is not passed by value is copied.
 */
static bool
ReadOnlyRow(const char *table, int columns, const char *const *names,
			Datum *values, bool *nulls)
{
	Oid			schema = get_namespace_oid("btwin", true);
	Oid			relid = OidIsValid(schema) ? get_relname_relid(table, schema) : InvalidOid;
	AttrNumber	numbers[MOST_COLUMNS];
	Relation	relation;
	TableScanDesc scan;
	TupleTableSlot *slot;
	bool		found = false;
	int			i;

	if (!OidIsValid(relid) ||
		pg_class_aclcheck(relid, GetUserId(), ACL_SELECT) != ACLCHECK_OK)
		return false;
	relation = try_relation_open(relid, AccessShareLock);
	if (relation == NULL)
		return false;
	for (i = 0; i < columns; i++)
		numbers[i] = get_attnum(relid, names[i]);
	/* rules of views, policies and tables that inherit are the executor's */
	if (relation->rd_rel->relkind != RELKIND_RELATION ||
		relation->rd_rel->relrowsecurity || relation->rd_rel->relhassubclass ||
		numbers[0] <= 0 || numbers[columns - 1] <= 0)
	{
		relation_close(relation, AccessShareLock);
		return false;
	}

	slot = table_slot_create(relation, NULL);
	scan = table_beginscan(relation, GetActiveSnapshot(), 0, NULL);
	while (table_scan_getnextslot(scan, ForwardScanDirection, slot))
	{
		if (found)
		{
			found = false;
			break;
		}
		found = true;
		for (i = 0; i < columns; i++)
		{
			Form_pg_attribute attribute = TupleDescAttr(RelationGetDescr(relation), numbers[i] - 1);

			values[i] = slot_getattr(slot, numbers[i], &nulls[i]);
			if (!nulls[i])
				values[i] = datumCopy(values[i], attribute->attbyval, attribute->attlen);
		}
	}
	table_endscan(scan);
	ExecDropSingleTupleTableSlot(slot);
	relation_close(relation, NoLock);
	return found;
}

/*
 * A statement with one text parameter that gives one column, prepared once for
 * the session and planned for any parameter.  The server plans it anew where a
 * table, a policy or the role has changed.  False where there is no row.
 */
static bool
FetchOne(SPIPlanPtr *plan, const char *statement, text *parameter, Datum *value, bool *isnull)
{
	MemoryContext caller = CurrentMemoryContext;
	Datum		values[1] = {PointerGetDatum(parameter)};
	bool		found;

	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	if (*plan == NULL)
	{
		Oid			types[1] = {TEXTOID};
		SPIPlanPtr	made = SPI_prepare_cursor(statement, 1, types, CURSOR_OPT_GENERIC_PLAN);

		if (made == NULL || SPI_keepplan(made) != 0)
			elog(ERROR, "could not prepare \"%s\": %s", statement, SPI_result_code_string(SPI_result));
		*plan = made;
	}
	if (SPI_execute_plan(*plan, values, NULL, true, 1) != SPI_OK_SELECT)
		elog(ERROR, "could not execute \"%s\"", statement);
	found = SPI_processed == 1;
	if (found)
	{
		Form_pg_attribute attribute = TupleDescAttr(SPI_tuptable->tupdesc, 0);

		*value = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, isnull);
		if (!*isnull && !attribute->attbyval)
		{
			MemoryContext spi = MemoryContextSwitchTo(caller);

			*value = datumCopy(*value, false, attribute->attlen);
			MemoryContextSwitchTo(spi);
		}
	}
	SPI_finish();
	return found;
}

/*
 * The text under a key of a JSON object; NULL where there is none.  Claims stay
 * the same from call to call as a rule: the last ones are remembered.
 */
static char *
JsonText(const char *document, const char *key)
{
	static char *last_document = NULL;
	static char *last_key = NULL;
	static char *last_value = NULL;
	Datum		json;
	Datum		value;

	LOCAL_FCINFO(fcinfo, 2);

	if (last_document != NULL && strcmp(last_document, document) == 0 && strcmp(last_key, key) == 0)
		return last_value;
	json = DirectFunctionCall1(jsonb_in, CStringGetDatum(document));
	InitFunctionCallInfoData(*fcinfo, NULL, 2, InvalidOid, NULL, NULL);
	fcinfo->args[0].value = json;
	fcinfo->args[0].isnull = false;
	fcinfo->args[1].value = CStringGetTextDatum(key);
	fcinfo->args[1].isnull = false;
	value = jsonb_object_field_text(fcinfo);

	if (last_document != NULL)
	{
		char	   *old = last_document;

		/* from here on nothing is remembered, should memory run out */
		last_document = NULL;
		pfree(old);
		pfree(last_key);
		if (last_value != NULL)
			pfree(last_value);
	}
	last_key = MemoryContextStrdup(TopMemoryContext, key);
	last_value = fcinfo->isnull ? NULL :
		MemoryContextStrdup(TopMemoryContext, TextDatumGetCString(value));
	last_document = MemoryContextStrdup(TopMemoryContext, document);
	return last_value;
}

/* What btwin._claim() answers; NULL: no claim. */
static char *
Claim(ArrayType *sources)
{
	Datum	   *elements;
	bool	   *nulls;
	int			n;
	int			i;

	deconstruct_array(sources, TEXTOID, -1, false, TYPALIGN_INT, &elements, &nulls, &n);
	for (i = 0; i < n; i++)
	{
		char	   *source;
		char	   *arrow;
		char	   *found;

		if (nulls[i])
			continue;
		source = TextDatumGetCString(elements[i]);
		arrow = strstr(source, "->>");
		if (arrow != NULL)
			*arrow = '\0';
		found = GetConfigOptionByName(source, NULL, true);
		/* '' is what a setting of an earlier transaction leaves on a pooled connection */
		if (found != NULL && *found != '\0' && arrow != NULL)
			found = JsonText(found, arrow + 3);
		if (found != NULL && *found != '\0')
			return found;
	}
	return NULL;
}

/*
 * The learner who calls, where the call is about the caller, who is among the
 * users and, where "gated", analysed.
 */
PGDLLEXPORT Datum
btwin_known_caller(PG_FUNCTION_ARGS)
{
	static const char *const access_columns[] = {"claim_sources"};
	static const char *const attachment_columns[] = {"detached_at"};
	static SPIPlanPtr plan = NULL;
	Datum		sources;
	Datum		detached_at;
	Datum		is_analysed;
	bool		isnull;
	char	   *claim;
	text	   *learner;

	if (PG_ARGISNULL(1) ||
		!ReadOnlyRow("access", 1, access_columns, &sources, &isnull) || isnull)
		PG_RETURN_NULL();
	if (!ReadOnlyRow("attachment", 1, attachment_columns, &detached_at, &isnull) || !isnull)
		PG_RETURN_NULL();
	claim = Claim(DatumGetArrayTypeP(sources));
	if (claim == NULL)
		PG_RETURN_NULL();
	learner = cstring_to_text(claim);
	if (!PG_ARGISNULL(0))
	{
		text	   *named = PG_GETARG_TEXT_PP(0);

		if (VARSIZE_ANY_EXHDR(named) != VARSIZE_ANY_EXHDR(learner) ||
			memcmp(VARDATA_ANY(named), VARDATA_ANY(learner), VARSIZE_ANY_EXHDR(learner)) != 0)
			PG_RETURN_NULL();
	}
	if (!FetchOne(&plan, "SELECT u.behavioral_analysis_enabled FROM btwin.users u WHERE u.id OPERATOR(pg_catalog.=) $1",
				  learner, &is_analysed, &isnull))
		PG_RETURN_NULL();
	if (PG_GETARG_BOOL(1) && !isnull && !DatumGetBool(is_analysed))
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(learner);
}

/* The time zone of a learner, where btwin is attached. */
PGDLLEXPORT Datum
btwin_known_zone(PG_FUNCTION_ARGS)
{
	static const char *const columns[] = {"detached_at", "default_time_zone"};
	static SPIPlanPtr plan = NULL;
	Datum		found[2];
	bool		nulls[2];
	Datum		zone;
	bool		isnull;

	if (PG_ARGISNULL(0) || !ReadOnlyRow("attachment", 2, columns, found, nulls) || !nulls[0])
		PG_RETURN_NULL();
	if (FetchOne(&plan, "SELECT l.time_zone FROM btwin.learner l WHERE l.user_id OPERATOR(pg_catalog.=) $1",
				 PG_GETARG_TEXT_PP(0), &zone, &isnull) && !isnull)
		PG_RETURN_DATUM(zone);
	if (nulls[1])
		PG_RETURN_NULL();
	PG_RETURN_DATUM(found[1]);
}
