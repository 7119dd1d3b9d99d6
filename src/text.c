/*
 * text.c
 *		The text form of a state.
 */
#include "postgres.h"

#include <math.h>

#include "common/shortest_dec.h"
#include "fmgr.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/json.h"
#include "utils/jsonb.h"

#include "compat.h"
#include "text.h"


/*
 * Writer
 */

/* A comma is due unless the last thing written opened something. */
static void
WriteSeparatorAndKey(StringInfo buf, const char *key)
{
	char		last = buf->len > 0 ? buf->data[buf->len - 1] : '{';

	if (last != '{' && last != '[')
		appendStringInfoString(buf, ", ");
	if (key != NULL)
	{
		escape_json(buf, key);
		appendStringInfoString(buf, ": ");
	}
}

/* The type's name without its schema. */
static const char *
FamilyName(const StateKind *kind)
{
	const char *dot = strrchr(kind->type_name, '.');

	return dot != NULL ? dot + 1 : kind->type_name;
}

void
TextBegin(StringInfo buf, const StateKind *kind)
{
	initStringInfo(buf);
	TextBeginObject(buf, NULL);
	TextWriteString(buf, "family", FamilyName(kind));
	TextWriteInt(buf, "version", kind->version);
}

void
TextWriteInt(StringInfo buf, const char *key, int64 value)
{
	WriteSeparatorAndKey(buf, key);
	appendStringInfo(buf, INT64_FORMAT, value);
}

void
TextWriteFloat(StringInfo buf, const char *key, double value)
{
	char		digits[DOUBLE_SHORTEST_DECIMAL_LEN];

	Assert(isfinite(value));
	WriteSeparatorAndKey(buf, key);
	double_to_shortest_decimal_buf(value == 0.0 ? 0.0 : value, digits);
	appendStringInfoString(buf, digits);
}

void
TextWriteString(StringInfo buf, const char *key, const char *value)
{
	WriteSeparatorAndKey(buf, key);
	escape_json(buf, value);
}

void
TextWriteNull(StringInfo buf, const char *key)
{
	WriteSeparatorAndKey(buf, key);
	appendStringInfoString(buf, "null");
}

void
TextBeginArray(StringInfo buf, const char *key)
{
	WriteSeparatorAndKey(buf, key);
	appendStringInfoChar(buf, '[');
}

void
TextEndArray(StringInfo buf)
{
	appendStringInfoChar(buf, ']');
}

void
TextBeginObject(StringInfo buf, const char *key)
{
	WriteSeparatorAndKey(buf, key);
	appendStringInfoChar(buf, '{');
}

void
TextEndObject(StringInfo buf)
{
	appendStringInfoChar(buf, '}');
}

char *
TextFinish(StringInfo buf)
{
	TextEndObject(buf);
	return buf->data;
}

/*
 * Reader
 */

void
TextInvalid(TextReader *reader, const char *what)
{
	if (reader->failed)
		return;
	reader->failed = true;
	SoftError(reader->escontext,
			  (errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
			   errmsg("invalid input syntax for type %s", reader->type_name),
			   errdetail("The text was refused at character %d because %s.",
						 (int) (reader->next - reader->start) + 1, what),
			   errhint("Write states with this type's own output or aggregates.")));
}

void
StateInvalid(const StateSource *source, const char *what)
{
	if (source->wire != NULL)
		WireInvalid(source->wire, what);
	else
		TextInvalid(source->text, what);
}

static void
SkipBlanks(TextReader *reader)
{
	while (*reader->next == ' ' || *reader->next == '\t' ||
		   *reader->next == '\n' || *reader->next == '\r')
		reader->next++;
}

static bool
Accept(TextReader *reader, char c)
{
	if (reader->failed)
		return false;
	SkipBlanks(reader);
	if (*reader->next != c)
		return false;
	reader->next++;
	return true;
}

static void
Expect(TextReader *reader, char c)
{
	if (!reader->failed && !Accept(reader, c))
		TextInvalid(reader, psprintf("\"%c\" is needed there", c));
}

/*
 * A quoted string.  escape_json writes non-ASCII characters as they are, so \u
 * is read for the control characters it does escape, and for nothing else.
 */
static char *
ReadQuoted(TextReader *reader, size_t max_bytes)
{
	StringInfoData buf;

	initStringInfo(&buf);
	Expect(reader, '"');
	while (!reader->failed && *reader->next != '"')
	{
		char		c = *reader->next;

		if (c == '\0' || (unsigned char) c < 0x20)
		{
			TextInvalid(reader, "a string is not closed");
			break;
		}
		if ((size_t) buf.len >= max_bytes)
		{
			TextInvalid(reader, psprintf("a string is longer than %zu bytes", max_bytes));
			break;
		}
		reader->next++;
		if (c == '\\')
		{
			c = *reader->next;
			switch (c)
			{
				case '"':
				case '\\':
				case '/':
					break;
				case 'b':
					c = '\b';
					break;
				case 'f':
					c = '\f';
					break;
				case 'n':
					c = '\n';
					break;
				case 'r':
					c = '\r';
					break;
				case 't':
					c = '\t';
					break;
				case 'u':
					{
						int			i;
						int			code = 0;

						for (i = 1; i <= 4; i++)
						{
							char		digit = reader->next[i];

							if (digit >= '0' && digit <= '9')
								code = code * 16 + digit - '0';
							else if (digit >= 'a' && digit <= 'f')
								code = code * 16 + digit - 'a' + 10;
							else if (digit >= 'A' && digit <= 'F')
								code = code * 16 + digit - 'A' + 10;
							else
								break;
						}
						if (i <= 4 || code < 1 || code > 0x7f)
						{
							TextInvalid(reader, "an escape other than \\u0001 to \\u007f is used");
							return buf.data;
						}
						reader->next += 4;
						c = (char) code;
						break;
					}
				default:
					TextInvalid(reader, "an unknown escape is used");
					return buf.data;
			}
			reader->next++;
		}
		appendStringInfoChar(&buf, c);
	}
	Expect(reader, '"');
	return buf.data;
}

/* Is nothing but blanks between the reader's place and an opening brace? */
static bool
FirstInObject(const TextReader *reader)
{
	const char *at = reader->next;

	while (at > reader->start && strchr(" \t\n\r", at[-1]) != NULL)
		at--;
	return at > reader->start && at[-1] == '{';
}

static void
ExpectKey(TextReader *reader, const char *key)
{
	const char *at;

	if (key == NULL || reader->failed)
		return;
	if (!FirstInObject(reader))
		Expect(reader, ',');
	SkipBlanks(reader);
	if (reader->failed)
		return;
	at = reader->next;
	if (*at == '"')
	{
		char	   *found = ReadQuoted(reader, 64);

		if (reader->failed)
			return;
		if (strcmp(found, key) == 0)
		{
			Expect(reader, ':');
			return;
		}
	}
	reader->next = at;
	TextInvalid(reader, psprintf("key \"%s\" is needed there", key));
}

/* Bytes of a JSON number at the reader's place, 0 when there is none. */
static size_t
NumberLength(const char *from, bool *integral)
{
	const char *at = from;

	*integral = true;
	if (*at == '-')
		at++;
	if (*at < '0' || *at > '9')
		return 0;
	if (*at == '0' && at[1] >= '0' && at[1] <= '9')
		return 0;
	while (*at >= '0' && *at <= '9')
		at++;
	if (*at == '.')
	{
		*integral = false;
		at++;
		if (*at < '0' || *at > '9')
			return 0;
		while (*at >= '0' && *at <= '9')
			at++;
	}
	if (*at == 'e' || *at == 'E')
	{
		*integral = false;
		at++;
		if (*at == '+' || *at == '-')
			at++;
		if (*at < '0' || *at > '9')
			return 0;
		while (*at >= '0' && *at <= '9')
			at++;
	}
	return (size_t) (at - from);
}

int64
TextReadInt(TextReader *reader, const char *key, int64 low, int64 high)
{
	size_t		length;
	bool		integral;
	int64		value;
	char	   *end;

	ExpectKey(reader, key);
	if (reader->failed)
		return low;
	SkipBlanks(reader);
	length = NumberLength(reader->next, &integral);
	if (length == 0 || !integral)
	{
		TextInvalid(reader, "an integer is needed there");
		return low;
	}
	errno = 0;
	value = strtoll(reader->next, &end, 10);
	if (errno != 0 || value < low || value > high)
	{
		TextInvalid(reader, psprintf("an integer between " INT64_FORMAT " and " INT64_FORMAT " is needed there",
									 low, high));
		return low;
	}
	reader->next = end;
	return value;
}

double
TextReadFloat(TextReader *reader, const char *key)
{
	size_t		length;
	bool		integral;
	double		value;
	char	   *end;

	ExpectKey(reader, key);
	if (reader->failed)
		return 0;
	SkipBlanks(reader);
	length = NumberLength(reader->next, &integral);
	if (length == 0)
	{
		TextInvalid(reader, "a number is needed there");
		return 0;
	}
	/* the server keeps LC_NUMERIC at "C", and strtod rounds exactly */
	value = strtod(reader->next, &end);
	if (!isfinite(value) || end != reader->next + length)
	{
		TextInvalid(reader, "a finite number is needed there");
		return 0;
	}
	reader->next = end;
	return value == 0.0 ? 0.0 : value;
}

bool
TextReadNull(TextReader *reader, const char *key)
{
	ExpectKey(reader, key);
	if (reader->failed)
		return false;
	SkipBlanks(reader);
	if (strncmp(reader->next, "null", 4) != 0)
		return false;
	reader->next += 4;
	return true;
}

char *
TextReadString(TextReader *reader, const char *key, size_t max_bytes)
{
	ExpectKey(reader, key);
	return ReadQuoted(reader, max_bytes);
}

void
TextReadArray(TextReader *reader, const char *key)
{
	ExpectKey(reader, key);
	Expect(reader, '[');
}

bool
TextReadMore(TextReader *reader, int elements_so_far)
{
	if (reader->failed || Accept(reader, ']'))
		return false;
	if (elements_so_far > 0)
		Expect(reader, ',');
	return !reader->failed;
}

void
TextReadObject(TextReader *reader, const char *key)
{
	ExpectKey(reader, key);
	Expect(reader, '{');
}

void
TextReadObjectEnd(TextReader *reader)
{
	Expect(reader, '}');
}

uint8
TextOpen(TextReader *reader, char *text, const StateKind *kind, Node *escontext)
{
	char	   *family;
	int64		version;

	reader->start = reader->next = text;
	reader->type_name = kind->type_name;
	reader->escontext = escontext;
	reader->failed = false;

	TextReadObject(reader, NULL);
	family = TextReadString(reader, "family", 64);
	if (!reader->failed && strcmp(family, FamilyName(kind)) != 0)
		TextInvalid(reader, psprintf("it is marked as family \"%s\", and \"%s\" is needed",
									 family, FamilyName(kind)));
	version = TextReadInt(reader, "version", 0, PG_INT32_MAX);
	if (!reader->failed && (version < 1 || version > kind->version))
		TextInvalid(reader, psprintf("its version is %d, and this library reads versions 1 to %d",
									 (int) version, kind->version));
	return reader->failed ? kind->version : (uint8) version;
}

void
TextReadEnd(TextReader *reader)
{
	Expect(reader, '}');
	if (reader->failed)
		return;
	SkipBlanks(reader);
	if (*reader->next != '\0')
		TextInvalid(reader, "something follows the end of the state");
}

Datum
TextToJsonb(char *text)
{
	return DirectFunctionCall1(jsonb_in, CStringGetDatum(text));
}
