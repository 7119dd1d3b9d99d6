/*
 * load_math.c
 *		The mathematics of the cognitive load family.
 *
 * doc/load.md argues every constant below.
 */
#include <math.h>
#include <stddef.h>

#include "load_math.h"
#include "num.h"

#define MS_PER_MINUTE 60000.0
#define US_PER_MS 1000.0

/*
 * Norms of the population: what a learner is taken to be like before anything
 * is known, and how many observations that belief is worth.
 */
#define PRIOR_LATENCY_MS 6000.0
#define PRIOR_LOG_LATENCY_SD 0.8
#define PRIOR_SLOWDOWN 1.4		/* wrong answers take that much longer */
#define PRIOR_SLOWDOWN_ANSWERS 10.0
#define PRIOR_SPREAD 0.5
#define PRIOR_SPREAD_ANSWERS 20.0
#define PRIOR_WRONG 3.0
#define PRIOR_RIGHT 7.0
#define PRIOR_MINUTES 45.0
#define PRIOR_MINUTES_SESSIONS 5.0
#define PRIOR_PAUSE_SHARE 0.05
#define PRIOR_PAUSE_MINUTES 60.0

/* The norm of length is the one that this share of sessions stays below. */
#define LENGTH_QUANTILE (2.0 / 3.0)

/* The median's variance against the mean's, for normal data: pi / 2. */
#define MEDIAN_INEFFICIENCY (NUM_PI / 2.0)

/* Robustness within a session: a log latency counts up to so many SD. */
#define WINSOR_SD 2.5

/* An interval or a last latency counts as work up to so long. */
#define LONGEST_INTERVAL_MS 600000.0
#define LONGEST_PAUSE_MS 86400000.0

/* Variance of a session's pause share, times its minutes. */
#define PAUSE_NOISE 0.2

/* Answers that the norm is worth in the variance of a decline. */
#define DECLINE_PRIOR_ANSWERS 10.0

/* How sharply the minutes beyond the norm set in. */
#define LENGTH_SOFTNESS_MINUTES 5.0

/* Answers at which the length of a session is believed by half. */
#define LENGTH_HALF_ANSWERS 2.0

/* Points per unit of deviation, and the SD of true deviations over sessions. */
static const struct
{
	double		points;
	double		per;
	double		tau;
}			factor_scale[LOAD_FACTORS] = {
	{10.0, 0.26236426446749106, 0.15},	/* per factor 1.3 (its logarithm) */
	{40.0, 1.0, 0.15},			/* per unit of error rate */
	{40.0, 1.0, 0.10},			/* per unit of pause share */
	{15.0, 1.0, 0.15},			/* per unit of error rate, start to end */
	{24.0, 30.0, 15.0}			/* per 30 minutes beyond the norm */
};

/* No factor moves the logit by more: none alone makes a session critical. */
#define MAX_EFFECT 2.0

/* SD, in logits, of the load that none of the factors explains. */
#define RESIDUAL_SD 0.35

#define NORMAL_975 1.959963984540054

/* Points of effect from which a factor is an indicator. */
#define INDICATOR_LOW 4.0
#define INDICATOR_MEDIUM 8.0
#define INDICATOR_HIGH 12.0

/* So many HIGH indicators are an overload at any load. */
#define OVERLOAD_INDICATORS 2

/*
 * Histogram
 */

/* 2^(1/16) .. 2^(15/16): compared with, so that no rounding of a logarithm
 * decides on which side of an edge a value falls. */
static const double bin_edges[LOAD_BINS_PER_OCTAVE - 1] = {
	1.0442737824274138, 1.0905077326652577, 1.1387886347566916,
	1.189207115002721, 1.241857812073484, 1.2968395546510096,
	1.3542555469368927, 1.4142135623730951, 1.4768261459394993,
	1.5422108254079407, 1.6104903319492543, 1.681792830507429,
	1.7562521603732995, 1.8340080864093424, 1.9152065613971474
};

int
load_bin(double ms)
{
	int			exponent;
	double		mantissa;
	int			octave;
	int			step = 0;

	if (!(ms >= 1.0))
		return 0;
	mantissa = 2.0 * frexp(ms, &exponent);
	octave = exponent - 1;
	if (octave >= LOAD_OCTAVES)
		return LOAD_BINS - 1;
	while (step < LOAD_BINS_PER_OCTAVE - 1 && mantissa >= bin_edges[step])
		step++;
	return octave * LOAD_BINS_PER_OCTAVE + step;
}

int64_t
load_histogram_total(const LoadHistogram *h)
{
	int64_t		total = 0;
	int			i;

	for (i = 0; i < h->nbins; i++)
		total += h->bins[i].count;
	return total;
}

/* Counts before each bin, so that the k-th value is found by bisection. */
typedef struct Ranked
{
	const LoadHistogram *h;
	int64_t		total;
	int64_t		before[LOAD_BINS];
} Ranked;

static void
rank_histogram(Ranked *ranked, const LoadHistogram *h)
{
	int			i;

	ranked->h = h;
	ranked->total = 0;
	for (i = 0; i < h->nbins; i++)
	{
		ranked->before[i] = ranked->total;
		ranked->total += h->bins[i].count;
	}
}

/* The k-th smallest value, k = 0 .. total - 1. */
static double
ranked_value(const Ranked *ranked, int64_t k)
{
	int			low = 0;
	int			high = ranked->h->nbins - 1;
	const LoadBin *bin;

	while (low < high)
	{
		int			middle = (low + high + 1) / 2;

		if (ranked->before[middle] <= k)
			low = middle;
		else
			high = middle - 1;
	}
	bin = &ranked->h->bins[low];
	return (bin->bin + ((double) (k - ranked->before[low]) + 0.5) / (double) bin->count)
		* (NUM_LN2 / LOAD_BINS_PER_OCTAVE);
}

static double
ranked_quantile(const Ranked *ranked, double q)
{
	double		place = q * (double) (ranked->total - 1);
	int64_t		k = (int64_t) place;
	double		low;

	if (ranked->total == 0)
		return 0.0;
	low = ranked_value(ranked, k);
	if (k + 1 >= ranked->total)
		return low;
	return low + (place - (double) k) * (ranked_value(ranked, k + 1) - low);
}

/*
 * The k-th smallest distance from the centre: the distances to the left of it
 * and those to the right are two ascending sequences, "left" long and the rest;
 * bisect for how many of the k smallest come from the left.
 */
static double
ranked_distance(const Ranked *ranked, double centre, int64_t left, int64_t k)
{
	int64_t		right = ranked->total - left;
	int64_t		low = k + 1 > right ? k + 1 - right : 0;
	int64_t		high = k + 1 < left ? k + 1 : left;
	double		distance = 0.0;

	/* smallest number taken from the left such that the next left one is not
	 * nearer than the last right one taken */
	while (low < high)
	{
		int64_t		taken = low + (high - low) / 2;
		int64_t		others = k + 1 - taken;

		if (others > 0 && taken < left &&
			centre - ranked_value(ranked, left - 1 - taken) <
			ranked_value(ranked, left + others - 1) - centre)
			low = taken + 1;
		else
			high = taken;
	}
	if (low > 0)
		distance = centre - ranked_value(ranked, left - low);
	if (k + 1 - low > 0)
		distance = fmax(distance, ranked_value(ranked, left + k - low) - centre);
	return distance;
}

static double
ranked_mad(const Ranked *ranked, double median)
{
	int64_t		n = ranked->total;
	int64_t		left = 0;
	int64_t		high = n;
	double		distance;

	if (n == 0)
		return 0.0;
	/* values below the median */
	while (left < high)
	{
		int64_t		middle = left + (high - left) / 2;

		if (ranked_value(ranked, middle) < median)
			left = middle + 1;
		else
			high = middle;
	}
	distance = ranked_distance(ranked, median, left, n / 2);
	if (n % 2 == 0)
		distance = (distance + ranked_distance(ranked, median, left, n / 2 - 1)) / 2.0;
	return distance;
}

double
load_histogram_quantile(const LoadHistogram *h, double q)
{
	Ranked		ranked;

	rank_histogram(&ranked, h);
	return ranked_quantile(&ranked, q);
}

double
load_histogram_mad(const LoadHistogram *h)
{
	Ranked		ranked;

	rank_histogram(&ranked, h);
	return ranked_mad(&ranked, ranked_quantile(&ranked, 0.5));
}

/*
 * Norms
 */

static double
shrink(double tau, double variance)
{
	return tau * tau / (tau * tau + variance);
}

static double
pause_share(double pause_ms, double work_ms)
{
	return pause_ms + work_ms > 0.0 ? pause_ms / (pause_ms + work_ms) : 0.0;
}

LoadNorms
load_norms(const LoadHistory *history)
{
	LoadNorms	norms;
	double		n[LOAD_OUTCOMES];
	double		median[LOAD_OUTCOMES];
	double		answers;
	double		sessions = (double) history->sessions;
	double		known = (double) history->right + (double) history->wrong;
	double		pairs;
	double		ss;
	double		weight;
	double		tau;
	int			i;

	/* errors: Beta posterior, and one draw of a session's own deviation */
	answers = known + PRIOR_WRONG + PRIOR_RIGHT;
	norms.error_rate = ((double) history->wrong + PRIOR_WRONG) / answers;
	tau = factor_scale[LOAD_ERROR_RATE].tau;
	norms.error_rate_var =
		norms.error_rate * (1.0 - norms.error_rate) / (answers + 1.0) +
		tau * tau / (sessions + 1.0);

	/* spread: the outcomes' own MADs, pooled with the prior */
	ss = PRIOR_SPREAD_ANSWERS * PRIOR_SPREAD * PRIOR_SPREAD;
	weight = PRIOR_SPREAD_ANSWERS;
	answers = 0.0;
	for (i = 0; i < LOAD_OUTCOMES; i++)
	{
		Ranked		ranked;

		rank_histogram(&ranked, &history->latency[i]);
		n[i] = (double) ranked.total;
		median[i] = ranked_quantile(&ranked, 0.5);
		answers += n[i];
		if (ranked.total > 1)
		{
			double		sd = NUM_MAD_TO_SD * ranked_mad(&ranked, median[i]);

			ss += (n[i] - 1.0) * sd * sd;
			weight += n[i] - 1.0;
		}
	}
	norms.spread = sqrt(ss / weight);

	/* how much slower wrong answers are */
	pairs = n[LOAD_WRONG] + n[LOAD_RIGHT] > 0.0 ?
		n[LOAD_WRONG] * n[LOAD_RIGHT] / (n[LOAD_WRONG] + n[LOAD_RIGHT]) : 0.0;
	norms.slowdown =
		(pairs * (median[LOAD_WRONG] - median[LOAD_RIGHT]) +
		 PRIOR_SLOWDOWN_ANSWERS * log(PRIOR_SLOWDOWN)) /
		(pairs + PRIOR_SLOWDOWN_ANSWERS);

	/* location: the medians brought to that of right answers, and the prior */
	norms.log_latency = log(PRIOR_LATENCY_MS);
	norms.log_latency_var = PRIOR_LOG_LATENCY_SD * PRIOR_LOG_LATENCY_SD;
	if (answers > 0.0)
	{
		double		location =
			(n[LOAD_RIGHT] * median[LOAD_RIGHT] +
			 n[LOAD_WRONG] * (median[LOAD_WRONG] - norms.slowdown) +
			 n[LOAD_UNKNOWN] * (median[LOAD_UNKNOWN] -
								norms.error_rate * norms.slowdown)) / answers;
		double		variance;
		double		prior = 1.0 / norms.log_latency_var;

		tau = factor_scale[LOAD_RESPONSE_LATENCY].tau;
		variance = MEDIAN_INEFFICIENCY * norms.spread * norms.spread / answers +
			tau * tau / sessions;
		norms.log_latency = (prior * norms.log_latency + location / variance) /
			(prior + 1.0 / variance);
		norms.log_latency_var = 1.0 / (prior + 1.0 / variance);
	}

	/* length, on the log scale */
	norms.minutes = exp((PRIOR_MINUTES_SESSIONS * log(PRIOR_MINUTES * MS_PER_MINUTE) +
						 sessions * load_histogram_quantile(&history->length,
															LENGTH_QUANTILE)) /
						(PRIOR_MINUTES_SESSIONS + sessions)) / MS_PER_MINUTE;

	/* pauses */
	{
		double		paused = (double) history->pause_ms +
			PRIOR_PAUSE_SHARE * PRIOR_PAUSE_MINUTES * MS_PER_MINUTE;
		double		work = (double) history->paused_session_ms +
			(1.0 - PRIOR_PAUSE_SHARE) * PRIOR_PAUSE_MINUTES * MS_PER_MINUTE;

		norms.pause_share = pause_share(paused, work);
		norms.pause_share_var = PAUSE_NOISE * MS_PER_MINUTE / (paused + work);
	}
	return norms;
}

/*
 * Session
 */

int
load_answer_compare(const LoadAnswer *a, const LoadAnswer *b)
{
	if (a->at != b->at)
		return a->at < b->at ? -1 : 1;
	if (a->latency_ms != b->latency_ms)
		return a->latency_ms < b->latency_ms ? -1 : 1;
	if (a->outcome != b->outcome)
		return a->outcome < b->outcome ? -1 : 1;
	if (a->pause_ms != b->pause_ms)
		return a->pause_ms < b->pause_ms ? -1 : 1;
	return 0;
}

int64_t
load_pause_ms(double pause_ms)
{
	return (int64_t) num_round_half_up(fmin(pause_ms, LONGEST_PAUSE_MS));
}

double
load_minutes(const LoadAnswer *answers, int count)
{
	double		ms = 0.0;
	int			i;

	for (i = 1; i < count; i++)
	{
		/* unsigned: the distance of any two times fits, the signed one not */
		uint64_t	us = (uint64_t) answers[i].at - (uint64_t) answers[i - 1].at;

		ms += fmin((double) us / US_PER_MS, LONGEST_INTERVAL_MS);
	}
	if (count > 0 && answers[count - 1].latency_ms > 0.0)
		ms += fmin(answers[count - 1].latency_ms, LONGEST_INTERVAL_MS);
	return ms / MS_PER_MINUTE;
}

/* Mean deviation of log latency from what is usual for the outcome. */
static void
latency_factor(LoadFactor *factor, const LoadAnswer *answers, int count,
			   const LoadNorms *norms)
{
	double		sum = 0.0;
	int			n = 0;
	int			i;

	for (i = 0; i < count; i++)
	{
		double		usual = norms->log_latency;

		if (answers[i].latency_ms < 0.0)
			continue;
		if (answers[i].outcome == LOAD_WRONG)
			usual += norms->slowdown;
		else if (answers[i].outcome == LOAD_UNKNOWN)
			usual += norms->error_rate * norms->slowdown;
		sum += num_clamp((log(fmax(answers[i].latency_ms, 1.0)) - usual) / norms->spread,
						 -WINSOR_SD, WINSOR_SD);
		n++;
	}
	if (n == 0)
		return;
	factor->measured = true;
	factor->deviation = norms->spread * sum / n;
	factor->raw = exp(factor->deviation);
	factor->reliability = shrink(factor_scale[LOAD_RESPONSE_LATENCY].tau,
								 norms->spread * norms->spread / n +
								 norms->log_latency_var);
}

static void
error_factor(LoadFactor *factor, int wrong, int known, const LoadNorms *norms)
{
	double		p = norms->error_rate;

	if (known == 0)
		return;
	factor->measured = true;
	factor->raw = (double) wrong / known;
	factor->deviation = factor->raw - p;
	factor->reliability = shrink(factor_scale[LOAD_ERROR_RATE].tau,
								 p * (1.0 - p) / known + norms->error_rate_var);
}

static void
engagement_factor(LoadFactor *factor, const LoadAnswer *answers, int count,
				  double minutes, const LoadNorms *norms)
{
	double		pause_ms = 0.0;
	int			i;

	for (i = 0; i < count; i++)
	{
		if (answers[i].pause_ms < 0.0)
			continue;
		factor->measured = true;
		pause_ms += (double) load_pause_ms(answers[i].pause_ms);
	}
	if (!factor->measured)
		return;
	factor->raw = pause_share(pause_ms, minutes * MS_PER_MINUTE);
	factor->deviation = factor->raw - norms->pause_share;
	if (minutes > 0.0)
		factor->reliability = shrink(factor_scale[LOAD_ENGAGEMENT_DROP].tau,
									 PAUSE_NOISE / minutes + norms->pause_share_var);
}

/*
 * Least-squares change of the error rate from the session's start to its end,
 * over the answers' ranks in time, equal times sharing their mean rank.
 */
static void
decline_factor(LoadFactor *factor, const LoadAnswer *answers, int count,
			   int wrong, int known, const LoadNorms *norms)
{
	double		scale = 2.0 * known;
	double		sxx = 0.0;
	double		sxy = 0.0;
	double		p;
	int			rank = 0;
	int			i = 0;

	while (i < count)
	{
		int			first = i;
		int			tied = 0;
		int			tied_wrong = 0;
		double		x;			/* twice the rank's distance from the middle: exact */

		for (; i < count && answers[i].at == answers[first].at; i++)
		{
			if (answers[i].outcome == LOAD_UNKNOWN)
				continue;
			tied++;
			if (answers[i].outcome == LOAD_WRONG)
				tied_wrong++;
		}
		if (tied == 0)
			continue;
		x = 2.0 * rank + tied - known;
		sxx += tied * x * x;
		sxy += tied_wrong * x;
		rank += tied;
	}
	if (sxx <= 0.0)
		return;
	p = (wrong + DECLINE_PRIOR_ANSWERS * norms->error_rate) /
		(known + DECLINE_PRIOR_ANSWERS);
	factor->measured = true;
	factor->deviation = factor->raw = scale * sxy / sxx;
	factor->reliability = shrink(factor_scale[LOAD_PERFORMANCE_DECLINE].tau,
								 p * (1.0 - p) * scale * scale / sxx);
}

static void
length_factor(LoadFactor *factor, int count, double minutes, const LoadNorms *norms)
{
	factor->measured = true;
	factor->raw = minutes;
	factor->deviation = LENGTH_SOFTNESS_MINUTES *
		num_log1pexp((minutes - norms->minutes) / LENGTH_SOFTNESS_MINUTES);
	factor->reliability = count / (count + LENGTH_HALF_ANSWERS);
}

static LoadSeverity
severity_of(double points)
{
	if (points >= INDICATOR_HIGH)
		return LOAD_SEVERITY_HIGH;
	if (points >= INDICATOR_MEDIUM)
		return LOAD_SEVERITY_MEDIUM;
	if (points >= INDICATOR_LOW)
		return LOAD_SEVERITY_LOW;
	return LOAD_NO_INDICATOR;
}

LoadScore
load_score(const LoadAnswer *answers, int count, double minutes,
		   const LoadNorms *norms)
{
	static const LoadFactor nothing = {false, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, LOAD_NO_INDICATOR};
	LoadScore	score;
	double		centre = num_logit(LOAD_CENTRE / 100.0);

	/* points of load per logit at the centre */
	double		slope = LOAD_CENTRE * (100.0 - LOAD_CENTRE) / 100.0;
	double		effects[LOAD_FACTORS];
	double		total = 0.0;
	double		variance = RESIDUAL_SD * RESIDUAL_SD;
	double		known_share = 0.0;
	double		all_share = 0.0;
	double		gain;
	int			known = 0;
	int			wrong = 0;
	int			high = 0;
	int			i;

	if (minutes < 0.0)
		minutes = load_minutes(answers, count);
	for (i = 0; i < count; i++)
	{
		if (answers[i].outcome != LOAD_UNKNOWN)
			known++;
		if (answers[i].outcome == LOAD_WRONG)
			wrong++;
	}

	for (i = 0; i < LOAD_FACTORS; i++)
		score.factors[i] = nothing;
	latency_factor(&score.factors[LOAD_RESPONSE_LATENCY], answers, count, norms);
	error_factor(&score.factors[LOAD_ERROR_RATE], wrong, known, norms);
	engagement_factor(&score.factors[LOAD_ENGAGEMENT_DROP], answers, count, minutes, norms);
	decline_factor(&score.factors[LOAD_PERFORMANCE_DECLINE], answers, count, wrong, known, norms);
	length_factor(&score.factors[LOAD_DURATION_STRESS], count, minutes, norms);

	for (i = 0; i < LOAD_FACTORS; i++)
	{
		LoadFactor *f = &score.factors[i];
		double		per_unit = factor_scale[i].points / factor_scale[i].per / slope;
		double		sd = per_unit * factor_scale[i].tau;

		effects[i] = MAX_EFFECT * tanh(per_unit * f->reliability * f->deviation / MAX_EFFECT);
		total += effects[i];
		variance += sd * sd * (1.0 - f->reliability);
		known_share += sd * sd * f->reliability;
		all_share += sd * sd;
		f->points = slope * effects[i];
		f->severity = severity_of(f->points);
		if (f->severity == LOAD_SEVERITY_HIGH)
			high++;
	}

	/*
	 * Logits to points: logistic(c + t) - logistic(c) =
	 * logistic(c) (1 - logistic(c + t)) (exp(t) - 1), shared out in proportion
	 * to the effects.  The gain is positive and smooth, also where t is zero.
	 */
	gain = LOAD_CENTRE * num_logistic(-(centre + total)) *
		(total != 0.0 ? expm1(total) / total : 1.0);
	score.value = LOAD_CENTRE;
	for (i = 0; i < LOAD_FACTORS; i++)
	{
		LoadFactor *f = &score.factors[i];

		f->contribution = gain * effects[i];
		if (f->deviation != 0.0)
			f->weight = f->contribution / f->deviation;
		else
			f->weight = gain * f->reliability *
				factor_scale[i].points / factor_scale[i].per / slope;
		score.value += f->contribution;
	}
	score.low = 100.0 * num_logistic(centre + total - NORMAL_975 * sqrt(variance));
	score.high = 100.0 * num_logistic(centre + total + NORMAL_975 * sqrt(variance));
	score.confidence = known_share / all_share;
	score.overload = score.value >= LOAD_CRITICAL_FROM || high >= OVERLOAD_INDICATORS;
	return score;
}

int
load_level(double load)
{
	return load < LOAD_MODERATE_FROM ? 0 :
		load < LOAD_HIGH_FROM ? 1 :
		load < LOAD_CRITICAL_FROM ? 2 : 3;
}
