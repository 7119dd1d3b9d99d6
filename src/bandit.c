/*
 * bandit.c
 *		The bandit family: what is known of each arm's reward, and which arm to
 *		try now.
 *
 * State: per arm the number of pulls, the moments of its rewards weighted as
 * the caller asked, and the smallest and largest reward.  Arms are kept in byte
 * order of their names.
 */
#include "postgres.h"

#include <float.h>
#include <math.h>

#include "catalog/pg_type.h"
#include "common/int.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/float.h"

#include "agg.h"
#include "bandit_math.h"
#include "btwin.h"
#include "check.h"
#include "names.h"
#include "num.h"
#include "result.h"
#include "rng.h"
#include "special.h"
#include "state.h"
#include "text.h"

/*
 * Layout
 */

#define BANDIT_VERSION 1
#define BANDIT_MAX_ARMS 1000

/* name length and one byte of name, pulls, five numbers */
#define BANDIT_MIN_ARM_BYTES (2 + 8 + 5 * 8)

static const StateKind bandit_kind = {BTWIN_BANDIT, BANDIT_VERSION, "btwin.bandit"};

typedef struct Arm
{
	int64		pulls;			/* rows seen */
	NumMoments	rewards;		/* n is the sum of weights */
	double		low;			/* smallest and largest reward; 0 before any */
	double		high;
} Arm;

typedef struct Bandit
{
	MemoryContext context;
	NameTable	names;
	Arm		   *arms;			/* by number in names */
	int			capacity;
} Bandit;

static Bandit *
BanditNew(MemoryContext context)
{
	Bandit	   *bandit = MemoryContextAlloc(context, sizeof(Bandit));

	bandit->context = context;
	NamesInit(&bandit->names, context);
	bandit->capacity = 8;
	bandit->arms = MemoryContextAlloc(context, sizeof(Arm) * bandit->capacity);
	return bandit;
}

/* The arm of that name, made empty when it is not there. */
static Arm *
BanditArm(Bandit *bandit, const char *name, size_t length)
{
	bool		added;
	int			number = NamesAdd(&bandit->names, name, length, &added);

	if (added)
	{
		CheckBound(bandit->names.count, BANDIT_MAX_ARMS, "arms",
				   "Group by a coarser arm.");
		if (bandit->names.count > bandit->capacity)
		{
			bandit->capacity *= 2;
			bandit->arms = repalloc(bandit->arms, sizeof(Arm) * bandit->capacity);
		}
		memset(&bandit->arms[number], 0, sizeof(Arm));
	}
	return &bandit->arms[number];
}

/* Nobody pulls so often, but a forged state can say so. */
static void
TooManyPulls(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
			 errmsg("too many pulls in one state")));
}

static void
ArmAdd(Arm *arm, double reward, double weight)
{
	if (arm->pulls == 0 || reward < arm->low)
		arm->low = reward;
	if (arm->pulls == 0 || reward > arm->high)
		arm->high = reward;
	if (unlikely(pg_add_s64_overflow(arm->pulls, 1, &arm->pulls)))
		TooManyPulls();
	num_moments_add(&arm->rewards, reward, weight);
}

static void
ArmMerge(Arm *into, const Arm *from)
{
	if (from->pulls == 0)
		return;
	if (into->pulls == 0 || from->low < into->low)
		into->low = from->low;
	if (into->pulls == 0 || from->high > into->high)
		into->high = from->high;
	if (pg_add_s64_overflow(into->pulls, from->pulls, &into->pulls))
		TooManyPulls();
	num_moments_merge(&into->rewards, &from->rewards);
}

static void
BanditMerge(Bandit *into, const Bandit *from)
{
	int			i;

	for (i = 0; i < from->names.count; i++)
	{
		const NameEntry *name = &from->names.names[i];

		ArmMerge(BanditArm(into, name->bytes, name->length), &from->arms[i]);
	}
}

/* Sums of finite numbers can still leave the range of a double. */
static void
CheckArmInRange(const Arm *arm, const char *name)
{
	if (!num_moments_is_finite(&arm->rewards))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("rewards of arm \"%s\" are out of range", name),
				 errdetail("Their sum or sum of squares overflows double precision."),
				 errhint("Rescale the rewards.")));
}

/* What any arm of a valid state obeys; shared by both input forms. */
static void
ValidateArm(const Arm *arm, const StateSource *source)
{
	const NumMoments *r = &arm->rewards;

	if (arm->pulls < 0)
		StateInvalid(source, "an arm has a negative number of pulls");
	else if (arm->pulls == 0 &&
			 (r->n != 0 || r->sx != 0 || r->sxx != 0 || arm->low != 0 || arm->high != 0))
		StateInvalid(source, "an arm without pulls has rewards");
	else if (r->n < 0 || r->sxx < 0 || arm->low > arm->high)
		StateInvalid(source, "an arm's moments contradict each other");
	else if (r->n == 0 && (r->sx != 0 || r->sxx != 0))
		StateInvalid(source, "an arm of no weight has rewards");
	else if (r->n > 0)
	{
		double		mean = r->sx / r->n;
		/* sums of tiny weights or rewards lose up to that, each */
		double		lost = DBL_MIN / r->n;
		double		slack = 1e-9 * (fabs(arm->low) + fabs(arm->high)) + lost;
		double		width = arm->high - arm->low;

		if (mean < arm->low - slack || mean > arm->high + slack)
			StateInvalid(source, "an arm's mean lies outside its smallest and largest reward");
		else if (r->sxx / r->n > (width + slack) * (width + slack) + lost)
			StateInvalid(source, "an arm's variance is too large for its smallest and largest reward");
	}
}

/*
 * Input and output
 */

static struct varlena *
BanditToState(const Bandit *bandit)
{
	StringInfoData buf;
	int		   *order = NamesSorted(&bandit->names);
	int			i;

	StateBegin(&buf, &bandit_kind);
	WireWriteInt32(&buf, bandit->names.count);
	for (i = 0; i < bandit->names.count; i++)
	{
		const NameEntry *name = &bandit->names.names[order[i]];
		const Arm  *arm = &bandit->arms[order[i]];

		CheckArmInRange(arm, name->bytes);
		WireWriteName(&buf, name->bytes, name->length);
		WireWriteInt64(&buf, arm->pulls);
		WireWriteFloat(&buf, arm->rewards.n);
		WireWriteFloat(&buf, arm->rewards.sx);
		WireWriteFloat(&buf, arm->rewards.sxx);
		WireWriteFloat(&buf, arm->low);
		WireWriteFloat(&buf, arm->high);
	}
	return StateFinish(&buf);
}

/* The fields after the header.  Arms come out numbered in byte order. */
static Bandit *
BanditRead(WireReader *reader, MemoryContext context)
{
	StateSource source = {reader, NULL};
	Bandit	   *bandit = BanditNew(context);
	int			count = WireReadCount(reader, BANDIT_MAX_ARMS,
									  BANDIT_MIN_ARM_BYTES, "arms");
	const char *previous = NULL;
	size_t		previous_length = 0;
	int			i;

	for (i = 0; i < count; i++)
	{
		size_t		length;
		char	   *name = WireReadName(reader, &length);
		Arm		   *arm;

		if (previous != NULL &&
			NameCompare(previous, previous_length, name, length) >= 0)
			WireInvalid(reader, "its arms are not in ascending order");
		arm = BanditArm(bandit, name, length);
		arm->pulls = WireReadInt64(reader);
		arm->rewards.n = WireReadFloat(reader);
		arm->rewards.sx = WireReadFloat(reader);
		arm->rewards.sxx = WireReadFloat(reader);
		arm->low = WireReadFloat(reader);
		arm->high = WireReadFloat(reader);
		ValidateArm(arm, &source);
		previous = name;
		previous_length = length;
	}
	WireReadEnd(reader);
	return bandit;
}

static Bandit *
BanditFromState(struct varlena *value, MemoryContext context)
{
	WireReader	reader;

	(void) StateOpen(&reader, value, &bandit_kind);
	return BanditRead(&reader, context);
}

#define PG_GETARG_BANDIT(n) \
	BanditFromState(PG_GETARG_VARLENA_PP(n), CurrentMemoryContext)
#define PG_RETURN_BANDIT(bandit) \
	PG_RETURN_POINTER(BanditToState(bandit))

PG_FUNCTION_INFO_V1(bandit_in);

/* text form to state */
PGDLLEXPORT Datum
bandit_in(PG_FUNCTION_ARGS)
{
	TextReader	reader;
	StateSource source = {NULL, &reader};
	Bandit	   *bandit = BanditNew(CurrentMemoryContext);
	char	   *previous = NULL;
	int			count = 0;

	(void) TextOpen(&reader, PG_GETARG_CSTRING(0), &bandit_kind, fcinfo->context);
	TextReadArray(&reader, "arms");
	while (TextReadMore(&reader, count))
	{
		char	   *name;
		Arm			arm;

		CHECK_FOR_INTERRUPTS();
		TextReadObject(&reader, NULL);
		name = TextReadString(&reader, "arm", BTWIN_MAX_NAME_BYTES);
		arm.pulls = TextReadInt(&reader, "pulls", 0, PG_INT64_MAX);
		arm.rewards.n = TextReadFloat(&reader, "weight");
		arm.rewards.sx = TextReadFloat(&reader, "sum");
		arm.rewards.sxx = TextReadFloat(&reader, "squared_deviations");
		arm.low = TextReadFloat(&reader, "min");
		arm.high = TextReadFloat(&reader, "max");
		TextReadObjectEnd(&reader);
		if (TextFailed(&reader))
			PG_RETURN_NULL();
		if (name[0] == '\0')
			TextInvalid(&reader, "an arm has an empty name");
		else if (previous != NULL &&
				 NameCompare(previous, strlen(previous), name, strlen(name)) >= 0)
			TextInvalid(&reader, "its arms are not in ascending order");
		else if (count == BANDIT_MAX_ARMS)
			TextInvalid(&reader, psprintf("it has more than %d arms", BANDIT_MAX_ARMS));
		else
			ValidateArm(&arm, &source);
		if (TextFailed(&reader))
			PG_RETURN_NULL();
		*BanditArm(bandit, name, strlen(name)) = arm;
		previous = name;
		count++;
	}
	TextReadEnd(&reader);
	if (TextFailed(&reader))
		PG_RETURN_NULL();
	PG_RETURN_BANDIT(bandit);
}

static char *
BanditToText(const Bandit *bandit)
{
	StringInfoData buf;
	int			i;

	TextBegin(&buf, &bandit_kind);
	TextBeginArray(&buf, "arms");
	for (i = 0; i < bandit->names.count; i++)
	{
		const Arm  *arm = &bandit->arms[i];

		TextBeginObject(&buf, NULL);
		TextWriteString(&buf, "arm", bandit->names.names[i].bytes);
		TextWriteInt(&buf, "pulls", arm->pulls);
		TextWriteFloat(&buf, "weight", arm->rewards.n);
		TextWriteFloat(&buf, "sum", arm->rewards.sx);
		TextWriteFloat(&buf, "squared_deviations", arm->rewards.sxx);
		TextWriteFloat(&buf, "min", arm->low);
		TextWriteFloat(&buf, "max", arm->high);
		TextEndObject(&buf);
	}
	TextEndArray(&buf);
	return TextFinish(&buf);
}

PG_FUNCTION_INFO_V1(bandit_out);

/* state to text form */
PGDLLEXPORT Datum
bandit_out(PG_FUNCTION_ARGS)
{
	PG_RETURN_CSTRING(BanditToText(PG_GETARG_BANDIT(0)));
}

PG_FUNCTION_INFO_V1(bandit_recv);

/* binary form to state */
PGDLLEXPORT Datum
bandit_recv(PG_FUNCTION_ARGS)
{
	WireReader	reader;

	(void) StateOpenMessage(&reader, (StringInfo) PG_GETARG_POINTER(0), &bandit_kind);
	PG_RETURN_BANDIT(BanditRead(&reader, CurrentMemoryContext));
}

PG_FUNCTION_INFO_V1(bandit_send);

/* state to binary form, which is what is stored */
PGDLLEXPORT Datum
bandit_send(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(BanditToState(PG_GETARG_BANDIT(0)));
}

PG_FUNCTION_INFO_V1(bandit_to_jsonb);

/* cast to jsonb */
PGDLLEXPORT Datum
bandit_to_jsonb(PG_FUNCTION_ARGS)
{
	return TextToJsonb(BanditToText(PG_GETARG_BANDIT(0)));
}

/*
 * Transition
 */

static Bandit *
BanditTransition(FunctionCallInfo fcinfo, double weight)
{
	Bandit	   *bandit = PG_ARGISNULL(0) ? NULL : (Bandit *) PG_GETARG_POINTER(0);
	text	   *name;
	double		reward;

	if (bandit == NULL)
		bandit = BanditNew(AggregateContext(fcinfo));
	if (PG_ARGISNULL(1) || PG_ARGISNULL(2))
		return bandit;
	name = PG_GETARG_TEXT_PP(1);
	reward = PG_GETARG_FLOAT8(2);
	CheckFinite(reward, "reward");
	CheckNameLength(VARSIZE_ANY_EXHDR(name), "arm");
	ArmAdd(BanditArm(bandit, VARDATA_ANY(name), VARSIZE_ANY_EXHDR(name)),
		   reward, weight);
	return bandit;
}

PG_FUNCTION_INFO_V1(bandit_accum);

/* one row: arm, reward */
PGDLLEXPORT Datum
bandit_accum(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(BanditTransition(fcinfo, 1.0));
}

PG_FUNCTION_INFO_V1(bandit_accum_weighted);

/* one row: arm, reward, weight */
PGDLLEXPORT Datum
bandit_accum_weighted(PG_FUNCTION_ARGS)
{
	double		weight = 0.0;

	if (PG_ARGISNULL(3))
	{
		/* an unknown weight is an unknown row */
		if (PG_ARGISNULL(0))
			PG_RETURN_POINTER(BanditNew(AggregateContext(fcinfo)));
		PG_RETURN_POINTER(PG_GETARG_POINTER(0));
	}
	weight = PG_GETARG_FLOAT8(3);
	CheckNotNegative(weight, "weight");
	PG_RETURN_POINTER(BanditTransition(fcinfo, weight));
}

PG_FUNCTION_INFO_V1(bandit_rollup_accum);

/* one stored state */
PGDLLEXPORT Datum
bandit_rollup_accum(PG_FUNCTION_ARGS)
{
	Bandit	   *bandit = PG_ARGISNULL(0) ? NULL : (Bandit *) PG_GETARG_POINTER(0);

	if (bandit == NULL)
		bandit = BanditNew(AggregateContext(fcinfo));
	if (!PG_ARGISNULL(1))
		BanditMerge(bandit, PG_GETARG_BANDIT(1));
	PG_RETURN_POINTER(bandit);
}

/*
 * Combine, serial pair, final
 */

PG_FUNCTION_INFO_V1(bandit_combine);

PGDLLEXPORT Datum
bandit_combine(PG_FUNCTION_ARGS)
{
	MemoryContext context = AggregateContext(fcinfo);
	Bandit	   *into = PG_ARGISNULL(0) ? NULL : (Bandit *) PG_GETARG_POINTER(0);

	if (PG_ARGISNULL(1))
	{
		if (into == NULL)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(into);
	}
	/* always a copy: the second state dies with the worker's tuple */
	if (into == NULL)
		into = BanditNew(context);
	BanditMerge(into, (Bandit *) PG_GETARG_POINTER(1));
	PG_RETURN_POINTER(into);
}

PG_FUNCTION_INFO_V1(bandit_serialize);

PGDLLEXPORT Datum
bandit_serialize(PG_FUNCTION_ARGS)
{
	(void) AggregateContext(fcinfo);
	PG_RETURN_POINTER(BanditToState((Bandit *) PG_GETARG_POINTER(0)));
}

PG_FUNCTION_INFO_V1(bandit_deserialize);

PGDLLEXPORT Datum
bandit_deserialize(PG_FUNCTION_ARGS)
{
	(void) AggregateContext(fcinfo);
	PG_RETURN_POINTER(BanditFromState(PG_GETARG_VARLENA_PP(0), CurrentMemoryContext));
}

PG_FUNCTION_INFO_V1(bandit_final);

/* only reads: a window calls it many times over one state */
PGDLLEXPORT Datum
bandit_final(PG_FUNCTION_ARGS)
{
	(void) AggregateContext(fcinfo);
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	PG_RETURN_BANDIT((Bandit *) PG_GETARG_POINTER(0));
}

/*
 * Policies
 */

typedef enum PolicyKind
{
	POLICY_THOMPSON,
	POLICY_THOMPSON_GAUSSIAN,
	POLICY_UCB,
	POLICY_UCB1,
	POLICY_KL_UCB,
	POLICY_EPSILON_GREEDY,
	POLICY_GREEDY,
	POLICY_UNIFORM
} PolicyKind;

/* in the order of PolicyKind */
static const char *const policy_names[] = {
	"thompson", "thompson_gaussian", "ucb", "ucb1", "kl_ucb",
	"epsilon_greedy", "greedy", "uniform", NULL
};

typedef struct Policy
{
	PolicyKind	kind;
	double		epsilon;
	double		epsilon_decay;	/* negative: none */
	double		epsilon_floor;
	double		prior_alpha;
	double		prior_beta;
} Policy;

/* The arms to choose from, in the order asked for. */
typedef struct Choices
{
	int			count;
	char	  **names;
	Arm		   *arms;
} Choices;

static double
TotalWeight(const Choices *choices)
{
	double		total = 0.0;
	int			i;

	for (i = 0; i < choices->count; i++)
		total += choices->arms[i].rewards.n;
	return total;
}

static void
CheckPrior(double alpha, double beta)
{
	CheckRange(alpha, BANDIT_MIN_PRIOR, BANDIT_MAX_PRIOR, "prior_alpha");
	CheckRange(beta, BANDIT_MIN_PRIOR, BANDIT_MAX_PRIOR, "prior_beta");
}

/* A Beta posterior and the bounds of the UCB family need rewards in [0, 1]. */
static void
CheckUnitRewards(const Arm *arm, const char *name)
{
	if (arm->pulls > 0 && (arm->low < 0.0 || arm->high > 1.0))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("rewards of arm \"%s\" are not within 0 and 1", name),
				 errdetail("They lie between %g and %g.", arm->low, arm->high),
				 errhint("Rescale the rewards, or use policy \"thompson_gaussian\".")));
}

/*
 * Deterministic policies give each arm an index and take the largest.  An arm
 * without evidence has an infinite one: it is tried first.
 */
static double
ArmIndex(const Policy *policy, const Arm *arm, double total)
{
	if (arm->rewards.n <= 0.0)
		return get_float8_infinity();
	switch (policy->kind)
	{
		case POLICY_UCB:
			return bandit_ucb_tuned(&arm->rewards, total);
		case POLICY_UCB1:
			return bandit_ucb1(&arm->rewards, total);
		case POLICY_KL_UCB:
			return bandit_kl_ucb(&arm->rewards, total);
		default:
			return num_moments_mean(&arm->rewards);
	}
}

/* Shares the probability "mass" among the arms with the largest index. */
static void
ShareAmongBest(const double *index, int count, double mass, double *propensity)
{
	int			ties = 0;
	double		best = index[0];
	int			i;

	for (i = 1; i < count; i++)
		best = Max(best, index[i]);
	for (i = 0; i < count; i++)
		if (index[i] == best)
			ties++;
	for (i = 0; i < count; i++)
		if (index[i] == best)
			propensity[i] += mass / ties;
}

/*
 * Probability of every arm to be chosen.  For Thompson sampling the posteriors'
 * probability of being best, otherwise what the rule says.
 */
static void
Propensities(const Policy *policy, const Choices *choices, double *propensity)
{
	int			count = choices->count;
	double		total = TotalWeight(choices);
	double	   *index;
	double		explore;
	int			i;

	memset(propensity, 0, sizeof(double) * count);
	switch (policy->kind)
	{
		case POLICY_THOMPSON:
			{
				BanditBeta *posteriors = palloc(sizeof(BanditBeta) * count);

				for (i = 0; i < count; i++)
					posteriors[i] = bandit_beta(&choices->arms[i].rewards,
												policy->prior_alpha,
												policy->prior_beta);
				bandit_beta_best(posteriors, count, propensity,
								 palloc(sizeof(double) * bandit_work_doubles(count)));
				return;
			}
		case POLICY_THOMPSON_GAUSSIAN:
			{
				NumMoments *rewards = palloc(sizeof(NumMoments) * count);
				BanditStudent *posteriors = palloc(sizeof(BanditStudent) * count);
				BanditStudentPrior prior;

				for (i = 0; i < count; i++)
					rewards[i] = choices->arms[i].rewards;
				prior = bandit_student_prior(rewards, count);
				for (i = 0; i < count; i++)
					posteriors[i] = bandit_student(&rewards[i], prior);
				bandit_student_best(posteriors, count, propensity,
									palloc(sizeof(double) * bandit_work_doubles(count)));
				return;
			}
		case POLICY_UNIFORM:
			for (i = 0; i < count; i++)
				propensity[i] = 1.0 / count;
			return;
		default:
			break;
	}

	index = palloc(sizeof(double) * count);
	for (i = 0; i < count; i++)
		index[i] = ArmIndex(policy, &choices->arms[i], total);
	explore = policy->kind == POLICY_EPSILON_GREEDY ?
		bandit_epsilon(policy->epsilon, policy->epsilon_decay,
					   policy->epsilon_floor, count, total) : 0.0;
	for (i = 0; i < count; i++)
		propensity[i] = explore / count;
	ShareAmongBest(index, count, 1.0 - explore, propensity);
}

/*
 * One draw.  Thompson sampling draws every arm's mean from its posterior and
 * takes the largest; the other policies draw from their propensities.
 */
static int
DrawArm(const Policy *policy, const Choices *choices, Rng *rng)
{
	int			count = choices->count;
	int			chosen = 0;
	int			i;

	if (policy->kind == POLICY_THOMPSON || policy->kind == POLICY_THOMPSON_GAUSSIAN)
	{
		double		best = -get_float8_infinity();
		BanditStudentPrior prior = {0.0, 1.0};

		if (policy->kind == POLICY_THOMPSON_GAUSSIAN)
		{
			NumMoments *rewards = palloc(sizeof(NumMoments) * count);

			for (i = 0; i < count; i++)
				rewards[i] = choices->arms[i].rewards;
			prior = bandit_student_prior(rewards, count);
			pfree(rewards);
		}
		for (i = 0; i < count; i++)
		{
			const NumMoments *r = &choices->arms[i].rewards;
			double		draw;

			if (policy->kind == POLICY_THOMPSON)
			{
				BanditBeta	p = bandit_beta(r, policy->prior_alpha, policy->prior_beta);

				draw = RngBeta(rng, p.alpha, p.beta);
			}
			else
			{
				BanditStudent p = bandit_student(r, prior);

				/* variance from its inverse gamma, then the mean given it */
				double		variance = p.rate / RngGamma(rng, p.shape);

				draw = p.location + sqrt(variance / p.strength) * RngNormal(rng);
			}
			if (draw > best)
			{
				best = draw;
				chosen = i;
			}
		}
	}
	else
	{
		double	   *propensity = palloc(sizeof(double) * count);
		double		u = RngUniform(rng);

		Propensities(policy, choices, propensity);
		for (i = 0; i < count; i++)
		{
			if (propensity[i] <= 0.0)
				continue;
			chosen = i;
			u -= propensity[i];
			if (u <= 0.0)
				break;
		}
		pfree(propensity);
	}
	return chosen;
}

/*
 * Arguments 1 .. 7 of select_arm() and propensities(): policy, arms, epsilon,
 * epsilon_decay, epsilon_floor, prior_alpha, prior_beta.
 */
static Policy
PolicyFromArguments(FunctionCallInfo fcinfo)
{
	Policy		policy;

	CheckNotNull(PG_ARGISNULL(1), "policy");
	CheckNotNull(PG_ARGISNULL(3), "epsilon");
	CheckNotNull(PG_ARGISNULL(5), "epsilon_floor");
	CheckNotNull(PG_ARGISNULL(6), "prior_alpha");
	CheckNotNull(PG_ARGISNULL(7), "prior_beta");
	policy.kind = (PolicyKind) CheckChoice(text_to_cstring(PG_GETARG_TEXT_PP(1)),
										   policy_names, "policy");
	policy.epsilon = PG_GETARG_FLOAT8(3);
	CheckRange(policy.epsilon, 0.0, 1.0, "epsilon");
	policy.epsilon_decay = -1.0;
	if (!PG_ARGISNULL(4))
	{
		policy.epsilon_decay = PG_GETARG_FLOAT8(4);
		CheckNotNegative(policy.epsilon_decay, "epsilon_decay");
	}
	policy.epsilon_floor = PG_GETARG_FLOAT8(5);
	CheckRange(policy.epsilon_floor, 0.0, 1.0, "epsilon_floor");
	policy.prior_alpha = PG_GETARG_FLOAT8(6);
	policy.prior_beta = PG_GETARG_FLOAT8(7);
	CheckPrior(policy.prior_alpha, policy.prior_beta);
	return policy;
}

static bool
NeedsUnitRewards(PolicyKind kind)
{
	return kind == POLICY_THOMPSON || kind == POLICY_UCB ||
		kind == POLICY_UCB1 || kind == POLICY_KL_UCB;
}

static Choices
ChoicesFromArguments(FunctionCallInfo fcinfo, PolicyKind kind)
{
	Choices		choices;
	Bandit	   *bandit;
	int			i;

	bandit = PG_ARGISNULL(0) ? BanditNew(CurrentMemoryContext) : PG_GETARG_BANDIT(0);
	if (PG_ARGISNULL(2))
	{
		choices.count = bandit->names.count;
		choices.arms = bandit->arms;
		choices.names = palloc(sizeof(char *) * Max(choices.count, 1));
		for (i = 0; i < choices.count; i++)
			choices.names[i] = bandit->names.names[i].bytes;
	}
	else
	{
		NameTable	seen;

		choices.names = CheckTextArray(PG_GETARG_ARRAYTYPE_P(2), "arms", &choices.count);
		CheckBound(choices.count, BANDIT_MAX_ARMS, "arms", "Offer fewer arms at once.");
		choices.arms = palloc0(sizeof(Arm) * Max(choices.count, 1));
		NamesInit(&seen, CurrentMemoryContext);
		for (i = 0; i < choices.count; i++)
		{
			size_t		length = strlen(choices.names[i]);
			bool		added;
			int			number;

			CheckNameLength(length, "arms");
			(void) NamesAdd(&seen, choices.names[i], length, &added);
			if (!added)
				ereport(ERROR,
						(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						 errmsg("\"arms\" must not contain an arm twice"),
						 errdetail("Arm \"%s\" appears more than once.", choices.names[i]),
						 errhint("List every arm once.")));
			number = NamesFind(&bandit->names, choices.names[i], length);
			if (number >= 0)
				choices.arms[i] = bandit->arms[number];
		}
	}
	if (choices.count == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("there is no arm to choose from"),
				 errdetail("The state has no arms and \"arms\" names none."),
				 errhint("Pass the arms' names as \"arms\", or start from bandit_init(arms).")));
	if (NeedsUnitRewards(kind))
		for (i = 0; i < choices.count; i++)
			CheckUnitRewards(&choices.arms[i], choices.names[i]);
	return choices;
}

/*
 * Accessors
 */

PG_FUNCTION_INFO_V1(bandit_init);

/* a state that knows its arms and nothing of them */
PGDLLEXPORT Datum
bandit_init(PG_FUNCTION_ARGS)
{
	Bandit	   *bandit = BanditNew(CurrentMemoryContext);
	int			count;
	char	  **names = CheckTextArray(PG_GETARG_ARRAYTYPE_P(0), "arms", &count);
	int			i;

	for (i = 0; i < count; i++)
	{
		CheckNameLength(strlen(names[i]), "arms");
		(void) BanditArm(bandit, names[i], strlen(names[i]));
	}
	PG_RETURN_BANDIT(bandit);
}

PG_FUNCTION_INFO_V1(bandit_add);

/* one reward more: for states that live in a row */
PGDLLEXPORT Datum
bandit_add(PG_FUNCTION_ARGS)
{
	Bandit	   *bandit = PG_GETARG_BANDIT(0);
	text	   *name = PG_GETARG_TEXT_PP(1);
	double		reward = PG_GETARG_FLOAT8(2);

	CheckFinite(reward, "reward");
	CheckNameLength(VARSIZE_ANY_EXHDR(name), "arm");
	ArmAdd(BanditArm(bandit, VARDATA_ANY(name), VARSIZE_ANY_EXHDR(name)), reward, 1.0);
	PG_RETURN_BANDIT(bandit);
}

PG_FUNCTION_INFO_V1(bandit_discount);

/* every observation counts "factor" of what it did */
PGDLLEXPORT Datum
bandit_discount(PG_FUNCTION_ARGS)
{
	Bandit	   *bandit = PG_GETARG_BANDIT(0);
	double		factor = PG_GETARG_FLOAT8(1);
	int			i;

	CheckRange(factor, 0.0, 1.0, "factor");
	for (i = 0; i < bandit->names.count; i++)
	{
		NumMoments *r = &bandit->arms[i].rewards;

		r->n *= factor;
		r->sx *= factor;
		r->sxx *= factor;
		/* so little weight has no digits left */
		if (r->n < DBL_MIN)
			r->n = r->sx = r->sxx = 0.0;
	}
	PG_RETURN_BANDIT(bandit);
}

PG_FUNCTION_INFO_V1(bandit_arms);

/* one row per arm */
PGDLLEXPORT Datum
bandit_arms(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	Bandit	   *bandit = PG_GETARG_BANDIT(0);
	int			i;

	InitMaterializedSRF(fcinfo, 0);
	for (i = 0; i < bandit->names.count; i++)
	{
		const Arm  *arm = &bandit->arms[i];
		Datum		values[7];
		bool		nulls[7] = {false};

		values[0] = CStringGetTextDatum(bandit->names.names[i].bytes);
		values[1] = Int64GetDatum(arm->pulls);
		values[2] = Float8GetDatum(arm->rewards.n);
		nulls[3] = arm->rewards.n <= 0.0;
		values[3] = Float8GetDatum(nulls[3] ? 0 : num_moments_mean(&arm->rewards));
		nulls[4] = arm->rewards.n <= 1.0;
		values[4] = Float8GetDatum(nulls[4] ? 0 : num_moments_sd(&arm->rewards));
		nulls[5] = nulls[6] = arm->pulls == 0;
		values[5] = Float8GetDatum(arm->low);
		values[6] = Float8GetDatum(arm->high);
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
	return (Datum) 0;
}

/* The arm called "name", an empty one where the state does not know it. */
static Arm
ArmByName(Bandit *bandit, const char *name)
{
	int			number = NamesFind(&bandit->names, name, strlen(name));
	Arm			unknown = {0};

	return number < 0 ? unknown : bandit->arms[number];
}

PG_FUNCTION_INFO_V1(bandit_posterior);

/* Beta posterior of one arm's mean reward */
PGDLLEXPORT Datum
bandit_posterior(PG_FUNCTION_ARGS)
{
	char	   *name = text_to_cstring(PG_GETARG_TEXT_PP(1));
	double		prior_alpha = PG_GETARG_FLOAT8(2);
	double		prior_beta = PG_GETARG_FLOAT8(3);
	Arm			arm = ArmByName(PG_GETARG_BANDIT(0), name);
	BanditBeta	p;
	double		low;
	double		high;
	Datum		values[7];
	bool		nulls[7] = {false};

	CheckPrior(prior_alpha, prior_beta);
	CheckUnitRewards(&arm, name);
	p = bandit_beta(&arm.rewards, prior_alpha, prior_beta);
	low = special_betainc_inv(p.alpha, p.beta, 0.025);
	high = special_betainc_upper_inv(p.alpha, p.beta, 0.025);
	if (isnan(low) || isnan(high))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("posterior of arm \"%s\" is out of range", name),
				 errdetail("Its rewards have a weight of %g.", arm.rewards.n),
				 errhint("Scale the weights down.")));
	values[0] = Float8GetDatum(p.alpha);
	values[1] = Float8GetDatum(p.beta);
	values[2] = Float8GetDatum(bandit_beta_mean(p));
	values[3] = Float8GetDatum(bandit_beta_variance(p));
	values[4] = Float8GetDatum(low);
	values[5] = Float8GetDatum(high);
	values[6] = Int64GetDatum(arm.pulls);
	PG_RETURN_DATUM(RowDatum(fcinfo, values, nulls));
}

PG_FUNCTION_INFO_V1(bandit_contributions);

/* what the posterior mean of an arm is made of */
PGDLLEXPORT Datum
bandit_contributions(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	char	   *name = text_to_cstring(PG_GETARG_TEXT_PP(1));
	double		prior_alpha = PG_GETARG_FLOAT8(2);
	double		prior_beta = PG_GETARG_FLOAT8(3);
	Arm			arm = ArmByName(PG_GETARG_BANDIT(0), name);
	BanditBeta	p;
	double		prior = prior_alpha + prior_beta;
	double		total;
	Datum		values[4];
	bool		nulls[4] = {false};

	CheckPrior(prior_alpha, prior_beta);
	CheckUnitRewards(&arm, name);
	p = bandit_beta(&arm.rewards, prior_alpha, prior_beta);
	total = p.alpha + p.beta;
	InitMaterializedSRF(fcinfo, 0);

	values[0] = CStringGetTextDatum("prior");
	values[1] = Float8GetDatum(prior_alpha / prior);
	values[2] = Float8GetDatum(prior / total);
	values[3] = Float8GetDatum(prior_alpha / total);
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);

	values[0] = CStringGetTextDatum("rewards");
	nulls[1] = arm.rewards.n <= 0.0;
	values[1] = Float8GetDatum(nulls[1] ? 0 : num_moments_mean(&arm.rewards));
	values[2] = Float8GetDatum((total - prior) / total);
	values[3] = Float8GetDatum(bandit_beta_mean(p) - prior_alpha / total);
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	return (Datum) 0;
}

PG_FUNCTION_INFO_V1(bandit_propensities);

/* probability of every arm under a policy */
PGDLLEXPORT Datum
bandit_propensities(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	Policy		policy = PolicyFromArguments(fcinfo);
	Choices		choices = ChoicesFromArguments(fcinfo, policy.kind);
	double	   *propensity = palloc(sizeof(double) * choices.count);
	int			i;

	Propensities(&policy, &choices, propensity);
	InitMaterializedSRF(fcinfo, 0);
	for (i = 0; i < choices.count; i++)
	{
		Datum		values[3];
		bool		nulls[3] = {false};

		values[0] = CStringGetTextDatum(choices.names[i]);
		values[1] = Float8GetDatum(propensity[i]);
		values[2] = Int64GetDatum(choices.arms[i].pulls);
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
	return (Datum) 0;
}

PG_FUNCTION_INFO_V1(bandit_select_arm);

/* one draw: the arm, and how probable it was */
PGDLLEXPORT Datum
bandit_select_arm(PG_FUNCTION_ARGS)
{
	Policy		policy = PolicyFromArguments(fcinfo);
	Choices		choices = ChoicesFromArguments(fcinfo, policy.kind);
	double	   *propensity = palloc(sizeof(double) * choices.count);
	Rng			rng;
	int			chosen;
	Datum		values[3];
	bool		nulls[3] = {false};

	if (PG_ARGISNULL(8))
		RngSeedFresh(&rng);
	else
		RngSeed(&rng, (uint64) PG_GETARG_INT64(8));
	chosen = DrawArm(&policy, &choices, &rng);
	Propensities(&policy, &choices, propensity);
	values[0] = CStringGetTextDatum(choices.names[chosen]);
	values[1] = Float8GetDatum(propensity[chosen]);
	values[2] = Int64GetDatum(choices.arms[chosen].pulls);
	PG_RETURN_DATUM(RowDatum(fcinfo, values, nulls));
}

PG_FUNCTION_INFO_V1(bandit_regret);

/*
 * Expected reward lost against always pulling the best arm, as far as the
 * posterior means tell, or against a known best mean.
 */
PGDLLEXPORT Datum
bandit_regret(PG_FUNCTION_ARGS)
{
	Bandit	   *bandit;
	double		best = 0.0;
	double		regret = 0.0;
	bool		known = !PG_ARGISNULL(1);
	int			i;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	bandit = PG_GETARG_BANDIT(0);
	if (known)
	{
		best = PG_GETARG_FLOAT8(1);
		CheckRange(best, 0.0, 1.0, "optimal_mean");
	}
	if (bandit->names.count == 0)
		PG_RETURN_NULL();
	for (i = 0; i < bandit->names.count; i++)
	{
		CheckUnitRewards(&bandit->arms[i], bandit->names.names[i].bytes);
		if (!known)
			best = Max(best, bandit_beta_mean(bandit_beta(&bandit->arms[i].rewards, 1.0, 1.0)));
	}
	for (i = 0; i < bandit->names.count; i++)
	{
		const NumMoments *r = &bandit->arms[i].rewards;

		regret += r->n * (best - bandit_beta_mean(bandit_beta(r, 1.0, 1.0)));
	}
	PG_RETURN_FLOAT8(regret);
}

PG_FUNCTION_INFO_V1(bandit_simulate);

/*
 * Plays a policy against Bernoulli arms of known means and reports the
 * pseudo-regret, the sum of (best mean - mean of the arm pulled), at the asked
 * rounds.  The policy code is the one that select_arm() runs.
 */
PGDLLEXPORT Datum
bandit_simulate(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	Policy		policy = PolicyFromArguments(fcinfo);
	Choices		choices;
	Rng			rng;
	double	   *means;
	double		best = 0.0;
	double		regret = 0.0;
	Datum	   *rounds;
	int			round_count;
	int			next = 0;
	int			round = 0;
	MemoryContext scratch;
	MemoryContext caller;
	int			i;

	CheckNotNull(PG_ARGISNULL(0), "means");
	CheckNotNull(PG_ARGISNULL(2), "rounds");
	means = CheckFloatArray(PG_GETARG_ARRAYTYPE_P(0), "means", &choices.count);
	CheckIntRange(choices.count, 1, BANDIT_MAX_ARMS, "number of means");
	for (i = 0; i < choices.count; i++)
	{
		CheckRange(means[i], 0.0, 1.0, "means");
		best = Max(best, means[i]);
	}
	choices.names = NULL;
	choices.arms = palloc0(sizeof(Arm) * choices.count);

	if (array_contains_nulls(PG_GETARG_ARRAYTYPE_P(2)))
		CheckNotNull(true, "rounds");
	deconstruct_array(PG_GETARG_ARRAYTYPE_P(2), INT4OID, sizeof(int32), true,
					  TYPALIGN_INT, &rounds, NULL, &round_count);
	for (i = 0; i < round_count; i++)
		CheckIntRange(DatumGetInt32(rounds[i]),
					  i > 0 ? (int64) DatumGetInt32(rounds[i - 1]) + 1 : 1,
					  100000000, "rounds");

	if (PG_ARGISNULL(8))
		RngSeedFresh(&rng);
	else
		RngSeed(&rng, (uint64) PG_GETARG_INT64(8));

	InitMaterializedSRF(fcinfo, 0);
	scratch = AllocSetContextCreate(CurrentMemoryContext, "bandit_simulate",
									ALLOCSET_DEFAULT_SIZES);
	caller = MemoryContextSwitchTo(scratch);
	while (next < round_count)
	{
		int			chosen = DrawArm(&policy, &choices, &rng);

		regret += best - means[chosen];
		ArmAdd(&choices.arms[chosen], RngUniform(&rng) < means[chosen] ? 1.0 : 0.0, 1.0);
		round++;
		if (round == DatumGetInt32(rounds[next]))
		{
			Datum		values[2];
			bool		nulls[2] = {false};

			values[0] = Int32GetDatum(round);
			values[1] = Float8GetDatum(regret);
			tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
			next++;
		}
		if (round % 256 == 0)
		{
			CHECK_FOR_INTERRUPTS();
			MemoryContextReset(scratch);
		}
	}
	MemoryContextSwitchTo(caller);
	MemoryContextDelete(scratch);
	return (Datum) 0;
}
