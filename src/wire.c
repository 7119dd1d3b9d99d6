/*
 * wire.c
 *		Bounded writers and readers of a state's bytes.
 */
#include "postgres.h"

#include <math.h>

#include "libpq/pqformat.h"
#include "mb/pg_wchar.h"
#include "port/pg_bswap.h"

#include "wire.h"

void
WireWriteByte(StringInfo buf, uint8 value)
{
	pq_sendint8(buf, value);
}

void
WireWriteInt32(StringInfo buf, int32 value)
{
	pq_sendint32(buf, (uint32) value);
}

void
WireWriteInt64(StringInfo buf, int64 value)
{
	pq_sendint64(buf, (uint64) value);
}

void
WireWriteFloat(StringInfo buf, double value)
{
	Assert(isfinite(value));
	pq_sendfloat8(buf, value == 0.0 ? 0.0 : value);
}

void
WireWriteName(StringInfo buf, const char *name, size_t length)
{
	Assert(length >= 1 && length <= BTWIN_MAX_NAME_BYTES);
	pq_sendint8(buf, (uint8) length);
	appendBinaryStringInfo(buf, name, (int) length);
}

void
WireInvalid(WireReader *reader, const char *what)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
			 errmsg("invalid binary form of type %s", reader->type_name),
			 errdetail("The value was refused because %s.", what),
			 errhint("Write states with this type's own output, COPY or aggregates.")));
}

static const unsigned char *
WireTake(WireReader *reader, size_t bytes)
{
	const unsigned char *taken = reader->next;

	if ((size_t) (reader->end - reader->next) < bytes)
		WireInvalid(reader, "it ends too early");
	reader->next += bytes;
	return taken;
}

uint8
WireReadByte(WireReader *reader)
{
	return *WireTake(reader, 1);
}

int32
WireReadInt32(WireReader *reader)
{
	uint32		value;

	memcpy(&value, WireTake(reader, sizeof(value)), sizeof(value));
	return (int32) pg_ntoh32(value);
}

int64
WireReadInt64(WireReader *reader)
{
	uint64		value;

	memcpy(&value, WireTake(reader, sizeof(value)), sizeof(value));
	return (int64) pg_ntoh64(value);
}

int32
WireReadCount(WireReader *reader, int32 max, size_t element_bytes,
			  const char *things)
{
	int32		count = WireReadInt32(reader);

	if (count < 0 || count > max)
		WireInvalid(reader, psprintf("it announces %d %s, and 0 to %d are possible",
									 count, things, max));
	/* before the caller allocates for them */
	if ((size_t) count > (size_t) (reader->end - reader->next) / Max(element_bytes, 1))
		WireInvalid(reader, psprintf("it announces %d %s and ends before them",
									 count, things));
	return count;
}

double
WireReadFloat(WireReader *reader)
{
	uint64		bits = (uint64) WireReadInt64(reader);
	double		value;

	memcpy(&value, &bits, sizeof(value));
	if (!isfinite(value))
		WireInvalid(reader, "it holds a number that is not finite");
	if (value == 0.0 && bits != 0)
		WireInvalid(reader, "it holds a negative zero");
	return value;
}

char *
WireReadName(WireReader *reader, size_t *length)
{
	size_t		bytes = WireReadByte(reader);
	const unsigned char *from;
	char	   *name;

	if (bytes < 1)
		WireInvalid(reader, "it holds an empty name");
	from = WireTake(reader, bytes);
	if (memchr(from, '\0', bytes) != NULL ||
		!pg_verifymbstr((const char *) from, (int) bytes, true))
		WireInvalid(reader, "it holds a name that is not text in the server's encoding");
	name = pnstrdup((const char *) from, bytes);
	*length = bytes;
	return name;
}

void
WireReadEnd(WireReader *reader)
{
	if (reader->next != reader->end)
		WireInvalid(reader, "bytes are left after its end");
}
