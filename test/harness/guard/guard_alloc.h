/*
 * guard_alloc.h
 *		Makes the address sanitizer see what the server's allocator hides.
 *
 * palloc cuts its pieces out of large blocks, so reading past a piece stays
 * inside of memory that malloc gave, and no sanitizer objects.  The sanitizer
 * build includes this header right after postgres.h in every file.  From there
 * on the module's own allocations are large enough to get a block of their own
 * and the bytes behind what was asked for are poisoned, and every value,
 * string and message that enters the module is copied into such a piece first.
 *
 * A block of its own goes back to malloc when it is freed, by whomever: no
 * poisoned byte is ever handed out again by the server.
 */
#ifndef GUARD_ALLOC_H
#define GUARD_ALLOC_H

#include <sanitizer/asan_interface.h>

#include "fmgr.h"
#include "libpq/pqformat.h"
#include "utils/memutils.h"

/* More than any allocator of the server puts into a shared block */
#define GUARD_LEAST_BYTES	((Size) 16 * 1024)
#define GUARD_ZONE_BYTES	((Size) 64)

static inline Size
guard_size(Size asked)
{
	Size		size = Max(asked + GUARD_ZONE_BYTES, GUARD_LEAST_BYTES);

	/* leave it to the server to refuse what is too much */
	return AllocSizeIsValid(asked) && AllocSizeIsValid(size) ? size : asked;
}

static inline void *
guard_zone(void *pointer, Size asked)
{
	if (pointer != NULL && guard_size(asked) > asked)
		ASAN_POISON_MEMORY_REGION((char *) pointer + asked,
								  guard_size(asked) - asked);
	return pointer;
}

static inline void *
guard_palloc(Size size)
{
	return guard_zone(palloc(guard_size(size)), size);
}

static inline void *
guard_palloc0(Size size)
{
	return guard_zone(palloc0(guard_size(size)), size);
}

static inline void *
guard_palloc_extended(Size size, int flags)
{
	return guard_zone(palloc_extended(guard_size(size), flags), size);
}

static inline void *
guard_context_alloc(MemoryContext context, Size size)
{
	return guard_zone(MemoryContextAlloc(context, guard_size(size)), size);
}

static inline void *
guard_context_alloc_zero(MemoryContext context, Size size)
{
	return guard_zone(MemoryContextAllocZero(context, guard_size(size)), size);
}

static inline void *
guard_context_alloc_extended(MemoryContext context, Size size, int flags)
{
	return guard_zone(MemoryContextAllocExtended(context, guard_size(size), flags), size);
}

static inline void *
guard_repalloc(void *pointer, Size size)
{
	return guard_zone(repalloc(pointer, guard_size(size)), size);
}

static inline void *
guard_copy(const void *from, Size size)
{
	void	   *copy = guard_palloc(size);

	memcpy(copy, from, size);
	return copy;
}

static inline char *
guard_pstrdup(const char *from)
{
	return (char *) guard_copy(from, strlen(from) + 1);
}

static inline char *
guard_pnstrdup(const char *from, Size length)
{
	char	   *copy;

	length = strnlen(from, length);
	copy = (char *) guard_palloc(length + 1);
	memcpy(copy, from, length);
	copy[length] = '\0';
	return copy;
}

static inline struct varlena *
guard_value(struct varlena *value)
{
	return (struct varlena *) guard_copy(value, VARSIZE_ANY(value));
}

#define palloc(size)			guard_palloc(size)
#define palloc0(size)			guard_palloc0(size)
#define palloc_extended(size, flags)	guard_palloc_extended(size, flags)
#define MemoryContextAlloc(context, size)	guard_context_alloc(context, size)
#define MemoryContextAllocZero(context, size)	guard_context_alloc_zero(context, size)
#define MemoryContextAllocExtended(context, size, flags) \
	guard_context_alloc_extended(context, size, flags)
#define repalloc(pointer, size)	guard_repalloc(pointer, size)
#define pstrdup(from)			guard_pstrdup(from)
#define pnstrdup(from, length)	guard_pnstrdup(from, length)

#define pg_detoast_datum(value)	guard_value(pg_detoast_datum(value))
#define pg_detoast_datum_copy(value)	guard_value(pg_detoast_datum_copy(value))
#define pg_detoast_datum_packed(value)	guard_value(pg_detoast_datum_packed(value))
#define pg_detoast_datum_slice(value, first, count) \
	guard_value(pg_detoast_datum_slice(value, first, count))

#define pq_getmsgbytes(message, bytes)	guard_message(message, bytes)

static inline const char *
guard_message(StringInfo message, int bytes)
{
	return (const char *) guard_copy((pq_getmsgbytes) (message, bytes), bytes);
}

#undef PG_GETARG_CSTRING
#define PG_GETARG_CSTRING(n)	guard_pstrdup(DatumGetCString(PG_GETARG_DATUM(n)))

#endif							/* GUARD_ALLOC_H */
