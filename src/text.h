/*
 * text.h
 *		The text form of a state: one JSON object, keys in a fixed order.
 *
 * Numbers are written in the shortest form that reads back to the same bits,
 * whatever extra_float_digits says, so that a dump loses nothing.  The same
 * text, parsed by jsonb, is the cast to jsonb.
 *
 * The reader is the mirror image of the writer: keys are expected in the order
 * in which they were written; blanks between tokens are skipped.  Faults are
 * 22P02, reported softly where the server can (16 and later): the first fault
 * sets "failed", all later calls return harmless values, and the caller asks
 * TextFailed before it uses what it read.
 */
#ifndef BTWIN_TEXT_H
#define BTWIN_TEXT_H

#include "postgres.h"

#include "lib/stringinfo.h"
#include "nodes/nodes.h"

#include "state.h"

/*
 * Writer.  Commas are placed by the writer itself.  "key" NULL writes an
 * element of an array.
 */
extern void TextBegin(StringInfo buf, const StateKind *kind);
extern void TextWriteInt(StringInfo buf, const char *key, int64 value);
extern void TextWriteFloat(StringInfo buf, const char *key, double value);
extern void TextWriteString(StringInfo buf, const char *key, const char *value);
extern void TextWriteNull(StringInfo buf, const char *key);
extern void TextBeginArray(StringInfo buf, const char *key);
extern void TextEndArray(StringInfo buf);
extern void TextBeginObject(StringInfo buf, const char *key);
extern void TextEndObject(StringInfo buf);
extern char *TextFinish(StringInfo buf);

/* Reader. */
typedef struct TextReader
{
	const char *start;
	const char *next;
	const char *type_name;
	Node	   *escontext;
	bool		failed;
} TextReader;

/* Reads the opening and the header keys; returns the layout version. */
extern uint8 TextOpen(TextReader *reader, char *text, const StateKind *kind,
					  Node *escontext);
extern int64 TextReadInt(TextReader *reader, const char *key, int64 low, int64 high);
extern double TextReadFloat(TextReader *reader, const char *key);	/* finite */
extern char *TextReadString(TextReader *reader, const char *key, size_t max_bytes);

/*
 * Reads the key, and null if that is its value.  When it is not, the caller
 * reads the value next, with key NULL.
 */
extern bool TextReadNull(TextReader *reader, const char *key);
extern void TextReadArray(TextReader *reader, const char *key);

/* Inside an array: true when one more element follows (and steps over commas). */
extern bool TextReadMore(TextReader *reader, int elements_so_far);
extern void TextReadObject(TextReader *reader, const char *key);
extern void TextReadObjectEnd(TextReader *reader);

/* The end of the whole; then nothing but blanks may follow. */
extern void TextReadEnd(TextReader *reader);

/* The text was readable but says something impossible. */
extern void TextInvalid(TextReader *reader, const char *what);

#define TextFailed(reader) ((reader)->failed)

/*
 * Faults that a family finds in a state it has just read, in either form, go
 * through one function, so that recv refuses whatever in refuses.
 */
typedef struct StateSource
{
	WireReader *wire;			/* exactly one of the two */
	TextReader *text;
} StateSource;

extern void StateInvalid(const StateSource *source, const char *what);

/* jsonb of a text form. */
extern Datum TextToJsonb(char *text);

#endif							/* BTWIN_TEXT_H */
