/*
 * agg.h
 *		The two places where an aggregate's state may be allocated.
 *
 * A transition or combine function allocates in the aggregate's context, which
 * lives as long as the group.  A deserialize function allocates in the current
 * context: its result lives only until the combine function has copied it.
 * Families keep the context they were given in their state and allocate there,
 * so that none of them ever switches contexts.
 */
#ifndef BTWIN_AGG_H
#define BTWIN_AGG_H

#include "postgres.h"

#include "fmgr.h"

static inline MemoryContext
AggregateContext(FunctionCallInfo fcinfo)
{
	MemoryContext context;

	if (!AggCheckCallContext(fcinfo, &context))
		elog(ERROR, "aggregate function called in non-aggregate context");
	return context;
}

#endif							/* BTWIN_AGG_H */
