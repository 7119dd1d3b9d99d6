/*
 * logit.h
 *		Models of logistic regression as stored values, and the features they
 *		are applied to: for a family that brings a model of its own.
 */
#ifndef BTWIN_LOGIT_H
#define BTWIN_LOGIT_H

#include "postgres.h"

#include "fmgr.h"

#include "struggle_math.h"

/* A btwin.logit_model. */
typedef struct Model
{
	LogitModel	math;
	char	  **names;
} Model;

/* Room for a model of so many features, in the current context. */
extern void ModelMakeRoom(Model *model, int features);

extern struct varlena *ModelToState(const Model *model);

#define PG_RETURN_MODEL(model) \
	PG_RETURN_POINTER(ModelToState(model))

/* An array of numbers. */
typedef struct Vector
{
	int			count;
	int			nulls;
	double		values[LOGIT_MAX_COEFFICIENTS];	/* NaN where null */
} Vector;

/* A float8[] of one element per feature, NULL where one is not known. */
extern void ReadFeatures(Datum datum, int needed, const char *name, Vector *x);

/*
 * A query applies one model to many rows: what was read and factored for the
 * first is kept for the call site.  The stored bytes are the key.
 */
typedef struct ModelCache
{
	MemoryContext context;		/* of all below */
	char	   *bytes;
	Size		length;
	double		rate;			/* of the prior model; 0: a stored one */
	Model	   *model;
	double	   *factor;
	double	   *work;
} ModelCache;

/*
 * The cache of a call site.  Its model is NULL unless it was kept for these
 * bytes or, without bytes, for this rate: then the caller fills it and sets
 * the key.
 */
extern ModelCache *ModelCacheFor(FunctionCallInfo fcinfo, const char *bytes,
								 Size length, double rate);
extern void ModelCacheFill(ModelCache *cache, const Model *model);

#endif							/* BTWIN_LOGIT_H */
