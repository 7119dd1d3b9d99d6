/*
 * answer.c
 *		What answers of btwin_api are made of again and again: a score as a
 *		document, and texts for people.
 */
#include "postgres.h"

#include <math.h>

#include "access/genam.h"
#include "access/relation.h"
#include "access/relscan.h"
#include "access/stratnum.h"
#include "access/table.h"
#include "access/tableam.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "executor/tuptable.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/datetime.h"
#include "utils/datum.h"
#include "utils/fmgroids.h"
#include "utils/guc.h"
#include "utils/json.h"
#include "utils/jsonb.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/relcache.h"
#include "utils/snapmgr.h"

#include "compat.h"

PG_FUNCTION_INFO_V1(btwin_score);
PG_FUNCTION_INFO_V1(btwin_phrase_texts);
PG_FUNCTION_INFO_V1(btwin_phrases);

/*
 * A score
 */

static void
PushKey(JsonbParseState **state, const char *key)
{
	JsonbValue	value;

	value.type = jbvString;
	value.val.string.val = unconstify(char *, key);
	value.val.string.len = strlen(key);
	pushJsonbValue(state, WJB_KEY, &value);
}

/* A text under a key, or in an array where there is no key; NULL is null. */
static void
PushText(JsonbParseState **state, const char *key, const char *bytes, int length)
{
	JsonbValue	value;

	if (bytes == NULL)
		value.type = jbvNull;
	else
	{
		value.type = jbvString;
		value.val.string.val = unconstify(char *, bytes);
		value.val.string.len = length;
	}
	if (key != NULL)
		PushKey(state, key);
	pushJsonbValue(state, key != NULL ? WJB_VALUE : WJB_ELEM, &value);
}

/* A number as jsonb takes it from a float8: in its shortest form, NaN and infinity as texts. */
static void
PushNumber(JsonbParseState **state, const char *key, NullableDatum number, bool is_integer)
{
	JsonbValue	value;

	if (number.isnull)
	{
		PushText(state, key, NULL, 0);
		return;
	}
	if (is_integer)
		value.val.numeric = DatumGetNumeric(DirectFunctionCall1(int4_numeric, number.value));
	else
	{
		char	   *text = DatumGetCString(DirectFunctionCall1(float8out, number.value));

		if (!isfinite(DatumGetFloat8(number.value)))
		{
			PushText(state, key, text, strlen(text));
			return;
		}
		value.val.numeric = DatumGetNumeric(DirectFunctionCall3(numeric_in, CStringGetDatum(text),
																ObjectIdGetDatum(InvalidOid),
																Int32GetDatum(-1)));
	}
	value.type = jbvNumeric;
	PushKey(state, key);
	pushJsonbValue(state, WJB_VALUE, &value);
}

static void
PushArgument(JsonbParseState **state, const char *key, NullableDatum argument)
{
	if (argument.isnull)
		PushText(state, key, NULL, 0);
	else
	{
		text	   *bytes = DatumGetTextPP(argument.value);

		PushText(state, key, VARDATA_ANY(bytes), VARSIZE_ANY_EXHDR(bytes));
	}
}

/*
 * value, low, high, confidence, evidence_count, method, version, computed_for,
 * reasons, reason: what jsonb_build_object makes of them.  A reason is told of
 * a missing value only.
 */
PGDLLEXPORT Datum
btwin_score(PG_FUNCTION_ARGS)
{
	NullableDatum *arguments = fcinfo->args;
	JsonbParseState *state = NULL;
	JsonbValue *answer;
	/* read when the document is put together, at the end */
	char		computed_for[MAXDATELEN + 1];

	pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
	PushNumber(&state, "value", arguments[0], false);
	PushNumber(&state, "low", arguments[1], false);
	PushNumber(&state, "high", arguments[2], false);
	PushNumber(&state, "confidence", arguments[3], false);
	PushNumber(&state, "evidence_count", arguments[4], true);
	PushArgument(&state, "method", arguments[5]);
	PushArgument(&state, "version", arguments[6]);
	if (arguments[7].isnull)
		PushText(&state, "computed_for", NULL, 0);
	else
	{
		JsonEncodeDateTime(computed_for, arguments[7].value, TIMESTAMPTZOID, NULL);
		PushText(&state, "computed_for", computed_for, strlen(computed_for));
	}
	PushKey(&state, "reasons");
	pushJsonbValue(&state, WJB_BEGIN_ARRAY, NULL);
	if (!arguments[8].isnull)
	{
		Datum	   *elements;
		bool	   *nulls;
		int			n;
		int			i;

		deconstruct_array(DatumGetArrayTypeP(arguments[8].value), TEXTOID, -1, false, TYPALIGN_INT,
						  &elements, &nulls, &n);
		for (i = 0; i < n; i++)
		{
			NullableDatum element = {elements[i], nulls[i]};

			PushArgument(&state, NULL, element);
		}
	}
	pushJsonbValue(&state, WJB_END_ARRAY, NULL);
	if (!arguments[0].isnull)
		PushText(&state, "reason", NULL, 0);
	else
		PushArgument(&state, "reason", arguments[9]);
	answer = pushJsonbValue(&state, WJB_END_OBJECT, NULL);
	PG_RETURN_JSONB_P(JsonbValueToJsonb(answer));
}

/*
 * Texts for people
 */

/* What the executor finds, where the table is not simply read. */
static ArrayType *
SearchPhrases(ArrayType *keys)
{
	static SPIPlanPtr plan = NULL;
	MemoryContext caller = CurrentMemoryContext;
	MemoryContext spi;
	Datum		values[1] = {PointerGetDatum(keys)};
	Datum		found;
	bool		isnull;

	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	if (plan == NULL)
	{
		Oid			types[1] = {TEXTARRAYOID};
		SPIPlanPtr	made = SPI_prepare("SELECT btwin._search_phrases($1)", 1, types);

		if (made == NULL || SPI_keepplan(made) != 0)
			elog(ERROR, "could not prepare: %s", SPI_result_code_string(SPI_result));
		plan = made;
	}
	if (SPI_execute_plan(plan, values, NULL, true, 1) != SPI_OK_SELECT || SPI_processed != 1)
		elog(ERROR, "could not search for phrases");
	found = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull);
	spi = MemoryContextSwitchTo(caller);
	found = datumCopy(found, false, -1);
	MemoryContextSwitchTo(spi);
	SPI_finish();
	return DatumGetArrayTypeP(found);
}

static bool
LookUp(IndexScanDesc scan, TupleTableSlot *slot, AttrNumber column,
	   Datum locale, Datum key, Datum *phrase)
{
	ScanKeyData keys[2];
	Oid			collation = scan->indexRelation->rd_indcollation[0];
	bool		isnull;

	ScanKeyEntryInitialize(&keys[0], 0, 1, BTEqualStrategyNumber, TEXTOID, collation,
						   F_TEXTEQ, locale);
	ScanKeyEntryInitialize(&keys[1], 0, 2, BTEqualStrategyNumber, TEXTOID, collation,
						   F_TEXTEQ, key);
	index_rescan(scan, keys, 2, NULL, 0);
	if (!index_getnext_slot(scan, ForwardScanDirection, slot))
		return false;
	*phrase = datumCopy(slot_getattr(slot, column, &isnull), false, -1);
	return true;
}

/*
 * The texts of keys, in the order of the keys: in the language of the setting
 * btwin.locale, else in English; null where there is none.
 */
static void
Phrases(ArrayType *keys, Datum **texts, bool **nulls, int *n)
{
	Oid			schema = get_namespace_oid("btwin", true);
	Oid			relid = OidIsValid(schema) ? get_relname_relid("phrase", schema) : InvalidOid;
	Relation	table = NULL;
	Oid			index_oid = InvalidOid;
	Relation	index;
	IndexScanDesc scan;
	TupleTableSlot *slot;
	AttrNumber	column;
	Datum	   *elements;
	Datum		english;
	Datum		locale = (Datum) 0;
	char	   *setting;
	int			i;

	if (OidIsValid(relid) && pg_class_aclcheck(relid, GetUserId(), ACL_SELECT) == ACLCHECK_OK)
	{
		table = table_open(relid, AccessShareLock);
		if (table->rd_rel->relkind == RELKIND_RELATION && !table->rd_rel->relrowsecurity &&
			!table->rd_rel->relhassubclass)
			index_oid = RelationGetPrimaryKeyIndex(table);
	}
	if (!OidIsValid(index_oid))
	{
		if (table != NULL)
			table_close(table, AccessShareLock);
		deconstruct_array(SearchPhrases(keys), TEXTOID, -1, false, TYPALIGN_INT,
						  texts, nulls, n);
		return;
	}

	deconstruct_array(keys, TEXTOID, -1, false, TYPALIGN_INT, &elements, nulls, n);
	*texts = palloc0(sizeof(Datum) * Max(*n, 1));
	english = CStringGetTextDatum("en");
	setting = GetConfigOptionByName("btwin.locale", NULL, true);
	if (setting != NULL && *setting != '\0' && strcmp(setting, "en") != 0)
		locale = CStringGetTextDatum(setting);
	column = get_attnum(relid, "phrase");
	index = index_open(index_oid, AccessShareLock);
	scan = index_beginscan(table, index, GetActiveSnapshot(), 2, 0);
	slot = table_slot_create(table, NULL);
	for (i = 0; i < *n; i++)
	{
		Datum	   *found = &(*texts)[i];

		if ((*nulls)[i])
			continue;
		(*nulls)[i] = !((locale != (Datum) 0 &&
						 LookUp(scan, slot, column, locale, elements[i], found)) ||
						LookUp(scan, slot, column, english, elements[i], found));
	}
	ExecDropSingleTupleTableSlot(slot);
	index_endscan(scan);
	index_close(index, NoLock);
	table_close(table, NoLock);
}

PGDLLEXPORT Datum
btwin_phrase_texts(PG_FUNCTION_ARGS)
{
	Datum	   *texts;
	bool	   *nulls;
	int			n;
	int			lower = 1;

	Phrases(PG_GETARG_ARRAYTYPE_P(0), &texts, &nulls, &n);
	if (n == 0)
		PG_RETURN_ARRAYTYPE_P(construct_empty_array(TEXTOID));
	PG_RETURN_ARRAYTYPE_P(construct_md_array(texts, nulls, 1, &n, &lower, TEXTOID, -1, false,
											 TYPALIGN_INT));
}

/* The same without those that are missing, and each text once. */
PGDLLEXPORT Datum
btwin_phrases(PG_FUNCTION_ARGS)
{
	Datum	   *texts;
	bool	   *nulls;
	int			n;
	int			kept = 0;
	int			i;

	if (PG_ARGISNULL(0))
		PG_RETURN_ARRAYTYPE_P(construct_empty_array(TEXTOID));
	Phrases(PG_GETARG_ARRAYTYPE_P(0), &texts, &nulls, &n);
	for (i = 0; i < n; i++)
	{
		int			before = 0;

		if (nulls[i])
			continue;
		while (before < kept && !datumIsEqual(texts[before], texts[i], false, -1))
			before++;
		if (before == kept)
			texts[kept++] = texts[i];
	}
	if (kept == 0)
		PG_RETURN_ARRAYTYPE_P(construct_empty_array(TEXTOID));
	PG_RETURN_ARRAYTYPE_P(construct_array(texts, kept, TEXTOID, -1, false, TYPALIGN_INT));
}
