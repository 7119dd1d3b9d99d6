/*
 * wire.h
 *		Bounded writers and readers of a state's bytes.  Stored values, binary
 *		input and output, and the parallel serial form all pass through here.
 *
 * A reader trusts nothing: every read checks what is left, every count its
 * maximum and that its elements can be there at all, every number that it is
 * finite.  Faults are 22P03.
 */
#ifndef BTWIN_WIRE_H
#define BTWIN_WIRE_H

#include "postgres.h"

#include "lib/stringinfo.h"

#include "btwin.h"

typedef struct WireReader
{
	const unsigned char *next;
	const unsigned char *end;
	const char *type_name;		/* for messages */
} WireReader;

/* Writers. */
extern void WireWriteByte(StringInfo buf, uint8 value);
extern void WireWriteInt32(StringInfo buf, int32 value);
extern void WireWriteInt64(StringInfo buf, int64 value);

/* Writes minus zero as zero: equal states are equal bytes. */
extern void WireWriteFloat(StringInfo buf, double value);

/* Length in one byte, then the bytes: 1 to BTWIN_MAX_NAME_BYTES. */
extern void WireWriteName(StringInfo buf, const char *name, size_t length);

/* Readers. */
extern uint8 WireReadByte(WireReader *reader);
extern int32 WireReadInt32(WireReader *reader);
extern int64 WireReadInt64(WireReader *reader);

/* A count 0 .. max whose elements take at least element_bytes each. */
extern int32 WireReadCount(WireReader *reader, int32 max, size_t element_bytes,
						   const char *things);

/* Finite. */
extern double WireReadFloat(WireReader *reader);

/* A palloc'd, zero-terminated string valid in the server's encoding. */
extern char *WireReadName(WireReader *reader, size_t *length);

/* Nothing may be left. */
extern void WireReadEnd(WireReader *reader);

/*
 * The bytes were readable but say something impossible; "what" completes the
 * sentence "... because <what>" in lower case.
 */
extern void WireInvalid(WireReader *reader, const char *what) pg_attribute_noreturn();

#endif							/* BTWIN_WIRE_H */
