/*
 * state.c
 *		The header of a stored state.
 */
#include "postgres.h"

#include "libpq/pqformat.h"

#include "compat.h"
#include "state.h"

void
StateBegin(StringInfo buf, const StateKind *kind)
{
	initStringInfo(buf);
	/* room for the length word, set by StateFinish */
	appendStringInfoSpaces(buf, VARHDRSZ);
	WireWriteByte(buf, (uint8) kind->family);
	WireWriteByte(buf, kind->version);
	WireWriteByte(buf, 0);
	WireWriteByte(buf, 0);
}

struct varlena *
StateFinish(StringInfo buf)
{
	SET_VARSIZE(buf->data, buf->len);
	return (struct varlena *) buf->data;
}

static uint8
StateReadHeader(WireReader *reader, const StateKind *kind)
{
	uint8		family = WireReadByte(reader);
	uint8		version = WireReadByte(reader);

	if (family != (uint8) kind->family)
		WireInvalid(reader, psprintf("it is marked as family %d, and %d is needed",
									 family, (int) kind->family));
	if (version < 1 || version > kind->version)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("state of type %s has unsupported version %d",
						kind->type_name, version),
				 errdetail("This library reads versions 1 to %d.", kind->version),
				 errhint("The state was written by a newer btwin: install that release's library.")));
	if (WireReadByte(reader) != 0 || WireReadByte(reader) != 0)
		WireInvalid(reader, "reserved bytes are not zero");
	return version;
}

uint8
StateOpen(WireReader *reader, struct varlena *value, const StateKind *kind)
{
	reader->next = (const unsigned char *) VARDATA_ANY(value);
	reader->end = reader->next + VARSIZE_ANY_EXHDR(value);
	reader->type_name = kind->type_name;
	return StateReadHeader(reader, kind);
}

uint8
StateOpenMessage(WireReader *reader, StringInfo message, const StateKind *kind)
{
	int			bytes = message->len - message->cursor;

	reader->next = (const unsigned char *) pq_getmsgbytes(message, bytes);
	reader->end = reader->next + bytes;
	reader->type_name = kind->type_name;
	return StateReadHeader(reader, kind);
}
