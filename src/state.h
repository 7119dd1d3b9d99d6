/*
 * state.h
 *		The header of a stored state: begin one, finish it, open one.
 *
 * Every stored value of every family is written between StateBegin and
 * StateFinish and enters the C code again through StateOpen, the one door:
 * length, family, version and reserved bytes are checked there, and the
 * family's reader checks the rest.
 */
#ifndef BTWIN_STATE_H
#define BTWIN_STATE_H

#include "postgres.h"

#include "fmgr.h"
#include "lib/stringinfo.h"

#include "btwin.h"
#include "wire.h"

/* What a family says about its type, once. */
typedef struct StateKind
{
	BtwinFamily family;
	uint8		version;		/* newest layout, the one that is written */
	const char *type_name;
} StateKind;

extern void StateBegin(StringInfo buf, const StateKind *kind);
extern struct varlena *StateFinish(StringInfo buf);

/*
 * Open a stored value.  Returns its layout version, 1 .. kind->version, so that
 * a family can read what earlier releases wrote.
 */
extern uint8 StateOpen(WireReader *reader, struct varlena *value,
					   const StateKind *kind);

/* The same for a message of a receive function: takes all that is left. */
extern uint8 StateOpenMessage(WireReader *reader, StringInfo message,
							  const StateKind *kind);

/* The same for the bytea of a deserialize function. */
#define StateOpenSerial(reader, bytes, kind) \
	StateOpen(reader, (struct varlena *) (bytes), kind)

#endif							/* BTWIN_STATE_H */
