/*
 * btwin.c
 *		The module itself: magic block and version.
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/builtins.h"

#include "btwin.h"

PG_MODULE_MAGIC;

PG_FUNCTION_INFO_V1(btwin_library_version);

/* What was built, which need not be what ALTER EXTENSION has been told of. */
PGDLLEXPORT Datum
btwin_library_version(PG_FUNCTION_ARGS)
{
	(void) fcinfo;
	PG_RETURN_TEXT_P(cstring_to_text(BTWIN_VERSION));
}
