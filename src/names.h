/*
 * names.h
 *		A table of names and the numbers 0, 1, 2, ... they were given in order
 *		of first appearance: how the transition functions find the entry of an
 *		arm or a bucket.
 *
 * The table lives in the context it was made in and grows there.  The order of
 * appearance never reaches a stored state: families write in the order of
 * NamesSorted, which is by bytes and so the same under every locale.
 */
#ifndef BTWIN_NAMES_H
#define BTWIN_NAMES_H

#include "postgres.h"

typedef struct NameEntry
{
	char	   *bytes;			/* zero-terminated */
	uint32		length;
	uint32		hash;
} NameEntry;

typedef struct NameTable
{
	MemoryContext context;
	NameEntry  *names;
	int			count;
	int			capacity;
	int32	   *slots;			/* number + 1, 0 = empty; open addressing */
	uint32		mask;			/* slots - 1, slots a power of two */
	int			last;			/* the number found last, -1 before the first */
} NameTable;

extern void NamesInit(NameTable *table, MemoryContext context);

/* Number of the name; -1 when it is not there. */
extern int	NamesFind(NameTable *table, const char *bytes, size_t length);

/* The same, adding it (a copy) when it is not there; *added says so. */
extern int	NamesAdd(NameTable *table, const char *bytes, size_t length,
					 bool *added);

/* The numbers in byte order of their names, palloc'd. */
extern int *NamesSorted(const NameTable *table);

/* Byte order of two names. */
extern int	NameCompare(const char *a, size_t a_length,
						const char *b, size_t b_length);

#endif							/* BTWIN_NAMES_H */
