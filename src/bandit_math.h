/*
 * bandit_math.h
 *		The mathematics of the bandit family, over plain numbers.
 *
 * Two posteriors for the mean reward of an arm:
 *
 * Beta, for rewards in [0, 1]:  alpha = prior_alpha + sum of rewards,
 * beta = prior_beta + sum of (1 - reward).  For 0/1 rewards this is the exact
 * conjugate posterior; for fractional ones it is the usual extension, whose
 * mean is right and whose variance is on the safe side.
 *
 * Student, for rewards of any scale: normal rewards with unknown mean and
 * variance under a normal-inverse-gamma prior.  The marginal posterior of the
 * mean is a Student t (K. Murphy, "Conjugate Bayesian analysis of the Gaussian
 * distribution", 2007, section 3).
 *
 * No postgres.h here: nothing raises, nothing allocates, draws are made by the
 * caller.
 */
#ifndef BTWIN_BANDIT_MATH_H
#define BTWIN_BANDIT_MATH_H

#include <stdbool.h>

#include "num.h"

/* Smallest prior parameter: below it a density is not bounded in the
 * variance-stabilised scale in which propensities are integrated. */
#define BANDIT_MIN_PRIOR 0.5
#define BANDIT_MAX_PRIOR 1e6

typedef struct BanditBeta
{
	double		alpha;
	double		beta;
} BanditBeta;

extern BanditBeta bandit_beta(const NumMoments *rewards,
							  double prior_alpha, double prior_beta);
extern double bandit_beta_mean(BanditBeta p);
extern double bandit_beta_variance(BanditBeta p);

typedef struct BanditStudent
{
	double		df;
	double		location;
	double		scale;			/* of the mean */
	double		shape;			/* inverse gamma of the reward variance */
	double		rate;
	double		strength;		/* pseudo-observations behind the location */
} BanditStudent;

/*
 * The prior is one pseudo-observation at the pooled mean of all arms, with
 * their pooled variance (1 where there is none) at two degrees of freedom: it
 * has the scale of the rewards without being told.
 */
typedef struct BanditStudentPrior
{
	double		location;
	double		variance;
} BanditStudentPrior;

extern BanditStudentPrior bandit_student_prior(const NumMoments *arms, int count);
extern BanditStudent bandit_student(const NumMoments *rewards,
									BanditStudentPrior prior);

/*
 * Upper confidence bounds.  "total" is the number of pulls of all arms.
 *
 * UCB1 and UCB-tuned: P. Auer, N. Cesa-Bianchi, P. Fischer, "Finite-time
 * analysis of the multiarmed bandit problem", Machine Learning 47 (2002),
 * figures 1 and section 4.  An arm never pulled has no finite index: the caller
 * pulls it first.
 */
extern double bandit_ucb1(const NumMoments *rewards, double total);
extern double bandit_ucb_tuned(const NumMoments *rewards, double total);

/*
 * KL-UCB for rewards in [0, 1]: the largest mean q with
 * n KL(mean, q) <= ln(total).  A. Garivier, O. Cappe, COLT 2011, with c = 0 as
 * they advise for practice.
 */
extern double bandit_kl_ucb(const NumMoments *rewards, double total);

/*
 * Exploration share at a time: epsilon, or with a decay the schedule
 * min(epsilon_start, decay * arms / pulls) of Auer et al. (2002), never below
 * the floor.  decay < 0 means none.
 */
extern double bandit_epsilon(double epsilon, double decay, double floor,
							 int arms, double pulls);

/*
 * Probability that each arm's mean is the largest, under independent
 * posteriors: the propensities of Thompson sampling.  By Gauss-Legendre
 * quadrature, absolute error below 1e-9 (tested against closed forms).
 * "work" has room for bandit_work_doubles(count) numbers.  The result sums to 1.
 */
extern long bandit_work_doubles(int count);
extern void bandit_beta_best(const BanditBeta *arms, int count,
							 double *probability, double *work);
extern void bandit_student_best(const BanditStudent *arms, int count,
								double *probability, double *work);

#endif							/* BTWIN_BANDIT_MATH_H */
