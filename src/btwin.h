/*
 * btwin.h
 *		The one public header: state tags, limits shared by all families.
 */
#ifndef BTWIN_H
#define BTWIN_H

#include "postgres.h"

#endif							/* BTWIN_H */
