/*
 * compat.h
 *		Every difference between server versions that the tree knows about.
 */
#ifndef BTWIN_COMPAT_H
#define BTWIN_COMPAT_H

#include "postgres.h"

#include "fmgr.h"

/* The accessors of a varlena's length word have a header of their own from 16 on. */
#if PG_VERSION_NUM >= 160000
#include "varatt.h"
#endif

/*
 * From 16 on, a type's input function can hand an error back to the caller
 * (pg_input_is_valid, COPY ... ON_ERROR) instead of raising it.
 */
#if PG_VERSION_NUM >= 160000
#include "nodes/miscnodes.h"
#define SoftError(escontext, ...) errsave(escontext, __VA_ARGS__)
#else
#define SoftError(escontext, ...) ereport(ERROR, __VA_ARGS__)
#endif

#endif							/* BTWIN_COMPAT_H */
