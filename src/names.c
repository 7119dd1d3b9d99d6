/*
 * names.c
 *		A table of names and the numbers they were given.
 */
#include "postgres.h"

#include "common/hashfn.h"

#include "names.h"

#define FIRST_SLOTS 16

void
NamesInit(NameTable *table, MemoryContext context)
{
	table->context = context;
	table->capacity = FIRST_SLOTS / 2;
	table->names = MemoryContextAlloc(context, sizeof(NameEntry) * table->capacity);
	table->count = 0;
	table->slots = MemoryContextAllocZero(context, sizeof(int32) * FIRST_SLOTS);
	table->mask = FIRST_SLOTS - 1;
	table->last = -1;
}

static inline bool
NameIs(const NameEntry *name, const char *bytes, size_t length)
{
	return name->length == length && memcmp(name->bytes, bytes, length) == 0;
}

static int
Lookup(const NameTable *table, const char *bytes, size_t length, uint32 hash,
	   uint32 *slot)
{
	uint32		at = hash & table->mask;

	for (;;)
	{
		int32		number = table->slots[at] - 1;

		*slot = at;
		if (number < 0)
			return -1;
		if (table->names[number].hash == hash &&
			NameIs(&table->names[number], bytes, length))
			return number;
		at = (at + 1) & table->mask;
	}
}

int
NamesFind(NameTable *table, const char *bytes, size_t length)
{
	uint32		slot;

	/* rows of one name often follow each other */
	if (table->last >= 0 && NameIs(&table->names[table->last], bytes, length))
		return table->last;
	return Lookup(table, bytes, length,
				  hash_bytes((const unsigned char *) bytes, (int) length),
				  &slot);
}

static void
Grow(NameTable *table)
{
	uint32		slots = (table->mask + 1) * 2;
	int			i;

	table->capacity *= 2;
	table->names = repalloc(table->names, sizeof(NameEntry) * table->capacity);
	pfree(table->slots);
	table->slots = MemoryContextAllocZero(table->context, sizeof(int32) * slots);
	table->mask = slots - 1;
	for (i = 0; i < table->count; i++)
	{
		uint32		at = table->names[i].hash & table->mask;

		while (table->slots[at] != 0)
			at = (at + 1) & table->mask;
		table->slots[at] = i + 1;
	}
}

int
NamesAdd(NameTable *table, const char *bytes, size_t length, bool *added)
{
	uint32		hash;
	uint32		slot;
	int			number;
	NameEntry  *name;

	*added = false;
	if (table->last >= 0 && NameIs(&table->names[table->last], bytes, length))
		return table->last;

	hash = hash_bytes((const unsigned char *) bytes, (int) length);
	number = Lookup(table, bytes, length, hash, &slot);
	if (number < 0)
	{
		if (table->count == table->capacity)
		{
			Grow(table);
			(void) Lookup(table, bytes, length, hash, &slot);
		}
		number = table->count;
		name = &table->names[number];
		name->bytes = MemoryContextAlloc(table->context, length + 1);
		memcpy(name->bytes, bytes, length);
		name->bytes[length] = '\0';
		name->length = (uint32) length;
		name->hash = hash;
		table->slots[slot] = number + 1;
		table->count++;
		*added = true;
	}
	table->last = number;
	return number;
}

int
NameCompare(const char *a, size_t a_length, const char *b, size_t b_length)
{
	int			order = memcmp(a, b, Min(a_length, b_length));

	if (order != 0)
		return order;
	return a_length < b_length ? -1 : a_length > b_length ? 1 : 0;
}

static int
CompareNumbers(const void *a, const void *b, void *arg)
{
	const NameEntry *names = arg;
	const NameEntry *left = &names[*(const int *) a];
	const NameEntry *right = &names[*(const int *) b];

	return NameCompare(left->bytes, left->length, right->bytes, right->length);
}

int *
NamesSorted(const NameTable *table)
{
	int		   *numbers = palloc(sizeof(int) * Max(table->count, 1));
	int			i;

	for (i = 0; i < table->count; i++)
		numbers[i] = i;
	qsort_arg(numbers, table->count, sizeof(int), CompareNumbers, table->names);
	return numbers;
}
