/*
 * btwin.h
 *		The one public header: what a stored state starts with, and the limits
 *		that all families share.
 *
 * A stored state is a varlena whose bytes after the length word are the same
 * on every platform, in the type's binary (send/recv) form and between
 * parallel workers:
 *
 *		byte 0		family, one of BtwinFamily
 *		byte 1		version of the family's layout
 *		byte 2..3	reserved, zero
 *		byte 4..	the family's fields, big endian, in canonical order
 *
 * Equal states are equal bytes.  Numbers given out here never change meaning.
 */
#ifndef BTWIN_H
#define BTWIN_H

typedef enum BtwinFamily
{
	BTWIN_PATTERN = 1,
	BTWIN_FORGETTING = 2,
	BTWIN_STRUGGLE = 3,
	BTWIN_COGNITIVE_LOAD = 4,
	BTWIN_BURNOUT = 5,
	BTWIN_BANDIT = 6,
	BTWIN_LOGIT_MODEL = 7,
	BTWIN_CALIBRATION = 8,
	BTWIN_SCORE_SUM = 9,		/* between workers only */
	BTWIN_RANKING = 10,			/* between workers only */
	BTWIN_LOAD_BASELINE = 20	/* 16 + the family it serves */
} BtwinFamily;

/* Bytes in front of a family's fields, without the varlena length word. */
#define BTWIN_STATE_HEADER_BYTES	4

/* A key kept in a state: an arm, a bucket. */
#define BTWIN_MAX_NAME_BYTES		255

#endif							/* BTWIN_H */
