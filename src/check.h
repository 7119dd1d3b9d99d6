/*
 * check.h
 *		Checks of arguments.  The only home of their wording.
 *
 * "name" is the SQL name of the argument.  All raise class 22, or 54000 where a
 * documented bound is passed.
 */
#ifndef BTWIN_CHECK_H
#define BTWIN_CHECK_H

#include "postgres.h"

#include "utils/array.h"

/* NaN and infinity are refused: 22003. */
extern void CheckFinite(double value, const char *name);

/* Finite and low <= value <= high: 22003. */
extern void CheckRange(double value, double low, double high, const char *name);

/* Finite and > 0, or >= 0: 22003. */
extern void CheckPositive(double value, const char *name);
extern void CheckNotNegative(double value, const char *name);

/* low <= value <= high: 22003. */
extern void CheckIntRange(int64 value, int64 low, int64 high, const char *name);

/* A required argument that is NULL: 22004. */
extern void CheckNotNull(bool isnull, const char *name);

/*
 * Position of the value in a NULL-terminated list of allowed ones: 22023 with
 * the list as hint when it is not there.
 */
extern int	CheckChoice(const char *value, const char *const *allowed,
						const char *name);

/* Length of a key in bytes, 1 to BTWIN_MAX_NAME_BYTES: 22023. */
extern void CheckNameLength(size_t length, const char *name);

/* "count" of "things" is past the documented bound: 54000. */
extern void CheckBound(int64 count, int64 bound, const char *things,
					   const char *hint);

/*
 * One-dimensional float8[] without NULLs as a C array (not a copy where it can
 * be avoided): 22004 for a NULL element, 2202E for more dimensions.  Elements
 * are checked to be finite.
 */
extern double *CheckFloatArray(ArrayType *array, const char *name, int *count);

/* One-dimensional text[] without NULLs, as C strings. */
extern char **CheckTextArray(ArrayType *array, const char *name, int *count);

/* Two arguments whose lengths must agree: 22023. */
extern void CheckSameLength(int found, const char *found_name,
							int needed, const char *needed_name);

#endif							/* BTWIN_CHECK_H */
