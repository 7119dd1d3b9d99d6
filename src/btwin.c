/*
 * btwin.c
 *		The module itself: magic block and initialisation.
 */
#include "postgres.h"

#include "fmgr.h"

#include "btwin.h"

PG_MODULE_MAGIC;
