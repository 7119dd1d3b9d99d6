/*
 * burnout_math.c
 *		The mathematics of the burnout family.  doc/burnout.md tells where the
 *		constants come from and how the method was compared.
 */
#include <math.h>
#include <string.h>

#include "burnout_math.h"
#include "num.h"
#include "special.h"

const char *const burnout_factor_names[BURNOUT_FACTORS] = {
	"Study Intensity", "Performance Decline", "Chronic Cognitive Load",
	"Schedule Irregularity", "Engagement Decay", "Recovery Deficit"
};

/* Epic 5 domain model, 2.20 */
const double burnout_factor_weights[BURNOUT_FACTORS] = {
	0.20, 0.25, 0.25, 0.15, 0.10, 0.05
};

const char *const burnout_level_names[] = {"LOW", "MEDIUM", "HIGH", "CRITICAL"};

const char *const burnout_signal_names[BURNOUT_SIGNALS] = {
	"CHRONIC_OVERLOAD", "PERFORMANCE_DROP", "ENGAGEMENT_LOSS",
	"IRREGULAR_PATTERN", "NO_RECOVERY"
};

const char *const burnout_reason_codes[] = {NULL, "no_rows", "insufficient_data"};

/* Lower cuts of MEDIUM, HIGH, CRITICAL. */
static const double level_cuts[] = {25.0, 50.0, 75.0};

/* Saturated factors make whole scores: rounding must not decide a level. */
#define LEVEL_SLACK			1e-9

/* Days of the window with rows that they need. */
static const int level_evidence_days[] = {3, 5, 7};

/* Quantile of the 95 % interval. */
#define Z95					1.959963984540054

/*
 * How fast a day of the window loses weight, half-life in days.  What is
 * noisier per day needs more days.
 */
#define LOAD_HALF_LIFE		3.0
#define MISSION_HALF_LIFE	5.0
#define RESULT_HALF_LIFE	5.0
#define STUDY_HALF_LIFE		5.0

/*
 * Load, points of 0 .. 100.  40 is where LOW ends (levels 40/60/80).  A day
 * counts for at most LOAD_CLIP above or below normal: one extreme session is
 * not a chronic load.
 */
#define LOAD_ANCHOR			40.0
#define LOAD_ANCHOR_DAYS	2.0
#define LOAD_NORMAL_CAP		50.0
#define LOAD_SD				12.0
#define LOAD_SD_DAYS		5.0
#define LOAD_CLIP			20.0
#define LOAD_SHIFT_SD		15.0
#define LOAD_FULL			16.0	/* shift that scores 100 */

/* Results (performance and retention), fractions. */
#define RESULT_SD			0.17
#define RESULT_SD_DAYS		10.0
#define RESULT_SHIFT_SD		0.03
#define RESULT_FULL			0.10

/* Missions: share of the planned ones. */
#define SKIP_ANCHOR			0.10
#define SKIP_NORMAL_CAP		0.20
#define SKIP_FULL			0.25
#define DISENGAGED_ANCHOR	0.15
#define DISENGAGED_NORMAL_CAP 0.25
#define DISENGAGED_FULL		0.35
#define SHARE_ANCHOR_MISSIONS 20.0
#define SHARE_SHIFT_SD		0.15

/*
 * Study time relative to normal.  20 hours a week is the first anchor of the
 * domain model (20/30/40); normal never lies above it, and below one hour a
 * week a ratio says nothing.  A day counts for at most STUDY_CLIP times normal.
 */
#define STUDY_ANCHOR		(20.0 / 7.0)
#define STUDY_ANCHOR_DAYS	3.0
#define STUDY_FLOOR			(1.0 / 7.0)
#define STUDY_CV2			1.8
#define STUDY_CV2_DAYS		10.0
#define STUDY_CLIP			5.0
#define STUDY_SHIFT_SD		0.30
#define INTENSITY_FROM		0.20	/* 1.2 times normal scores 0 */
#define INTENSITY_FULL		0.80	/* 1.8 times normal scores 100 */
#define DROP_FROM			0.10
#define DROP_FULL			0.80

/* Rest: this many days of the last seven are enough. */
#define REST_ENOUGH			3.0
#define REST_LOAD_FULL		30.0	/* a day of this load is rest */
#define REST_LOAD_NONE		50.0	/* a day of this load is none */

/*
 * A mean of n rows of one day weighs (1 + r) n / (n + r) days, r = 1: rows of a
 * day share that day's fortune.
 */
#define ROW_CORRELATION		1.0

/* Signals: probability that the true shift is at least material. */
#define SIGNAL_MEDIUM		0.80
#define SIGNAL_HIGH			0.95
#define MATERIAL_LOAD		10.0
#define MATERIAL_DECLINE	0.05
#define MATERIAL_SHARE		0.10
#define MATERIAL_DROP		0.25
#define NO_REST_MEDIUM		1.0		/* days of rest in seven */
#define NO_REST_HIGH		0.5

BurnoutLevel
burnout_level(double score)
{
	int			level = BURNOUT_LOW;

	while (level < BURNOUT_CRITICAL && score >= level_cuts[level] - LEVEL_SLACK)
		level++;
	return (BurnoutLevel) level;
}

BurnoutLevel
burnout_next_level(BurnoutLevel before, double score, int evidence_days)
{
	BurnoutLevel now = burnout_level(score);

	if (now < before)
	{
		now = burnout_level(score + BURNOUT_HYSTERESIS);
		if (now > before)
			now = before;
	}
	while (now > BURNOUT_LOW && evidence_days < level_evidence_days[now - 1])
		now--;
	return now;
}

/* 0 up to "from", 1 from "full" on, between them 3u^2 - 2u^3: no cliff. */
static double
Step(double x, double from, double full)
{
	double		u = num_clamp((x - from) / (full - from), 0.0, 1.0);

	return u * u * (3.0 - 2.0 * u);
}

static double
RowWeight(double rows)
{
	return rows > 0.0 ? (1.0 + ROW_CORRELATION) * rows / (rows + ROW_CORRELATION) : 0.0;
}

/*
 * One quantity over window and baseline.  "at" gives a day's value and its
 * weight, 0 where unknown; "age" is 0 on the day asked for.
 */
typedef void (*DayValue) (const BurnoutDay *day, int age, double *x, double *w);

typedef struct Series
{
	double		n;				/* of the baseline: weight and mean */
	double		mean;
	double		spread_n;		/* of both: weight, squared deviations, each */
	double		ss;				/* stretch from its own mean */
	double		window;			/* sum of the recency weights */
	double		recent;			/* recency-weighted mean of the window */
	double		held;			/* the same, every day held within bounds */
	double		inverse_n;		/* of the effective number of window days */
} Series;

static double
Recency(int age, double half_life)
{
	return exp2(-age / half_life);
}

/* Weight, mean and squared deviations of days[t - until] .. days[t - from]. */
static void
Stretch(const BurnoutDay *days, int t, DayValue at, int from, int until,
		double *n, double *mean, double *ss)
{
	int			age;
	double		x;
	double		w;

	*n = *mean = *ss = 0.0;
	for (age = from; age <= until && age <= t; age++)
	{
		at(&days[t - age], age, &x, &w);
		if (w > 0.0)
		{
			double		delta = x - *mean;

			*n += w;
			*mean += delta * w / *n;
			*ss += w * delta * (x - *mean);
		}
	}
}

static Series
SeriesOf(const BurnoutDay *days, int t, DayValue at)
{
	Series		s;
	double		window_n;
	double		window_mean;
	double		window_ss;

	Stretch(days, t, at, BURNOUT_WINDOW_DAYS, BURNOUT_LOOKBACK_DAYS - 1,
			&s.n, &s.mean, &s.ss);
	Stretch(days, t, at, 0, BURNOUT_WINDOW_DAYS - 1,
			&window_n, &window_mean, &window_ss);
	s.spread_n = s.n + window_n;
	s.ss += window_ss;
	s.window = s.recent = s.held = s.inverse_n = 0.0;
	return s;
}

/* Variance of a day, shrunk to "prior" as if that were "days" days. */
static double
Variance(const Series *s, double unit, double prior, double days)
{
	return (days * prior + s->ss / (unit * unit)) / (days + s->spread_n);
}

/* From 1 for evidence of the day itself to 0 where it leaves the window. */
static double
Freshness(int age)
{
	double		u = (double) age / BURNOUT_WINDOW_DAYS;

	return 1.0 - u * u;
}

/*
 * Means of the window, one with every day held within low .. high.  The
 * effective number of days fades with the age of the newest, so that nothing
 * jumps when the last one leaves the window.  False when no day is known.
 */
static bool
SeriesWindow(Series *s, const BurnoutDay *days, int t, DayValue at,
			 double half_life, double low, double high)
{
	double		squares = 0.0;
	int			newest = -1;
	int			age;
	double		x;
	double		w;

	for (age = 0; age < BURNOUT_WINDOW_DAYS && age <= t; age++)
	{
		at(&days[t - age], age, &x, &w);
		if (w > 0.0)
		{
			double		recency = Recency(age, half_life);

			if (newest < 0)
				newest = age;
			s->window += recency * w;
			squares += recency * recency * w;
			s->recent += recency * w * x;
			s->held += recency * w * num_clamp(x, low, high);
		}
	}
	if (s->window <= 0.0)
		return false;
	s->recent /= s->window;
	s->held /= s->window;
	s->inverse_n = squares / (s->window * s->window * Freshness(newest));
	return true;
}

/* A shift with prior N(0, sd^2), observed as "found" with variance se2. */
typedef struct Shift
{
	bool		known;
	double		mean;
	double		sd;
	double		reliability;
} Shift;

static Shift
Posterior(double found, double se2, double sd)
{
	Shift		shift;

	shift.known = true;
	shift.reliability = sd * sd / (sd * sd + se2);
	shift.mean = shift.reliability * found;
	shift.sd = sd * sqrt(1.0 - shift.reliability);
	return shift;
}

static const Shift unknown_shift = {false, 0.0, 0.0, 0.0};

static double
Exceeds(Shift shift, double material)
{
	return special_normal_cdf((shift.mean - material) / shift.sd);
}

static BurnoutFactor
FactorFromShift(Shift shift, double from, double full)
{
	BurnoutFactor f;

	memset(&f, 0, sizeof(f));
	f.known = true;
	f.reliability = shift.reliability;
	f.score = 100.0 * Step(shift.mean, from, full);
	f.up = 100.0 * Step(shift.mean + Z95 * shift.sd, from, full) - f.score;
	f.down = f.score - 100.0 * Step(shift.mean - Z95 * shift.sd, from, full);
	return f;
}

static BurnoutFactor
UnknownFactor(double prior_sd, double from, double full)
{
	BurnoutFactor f;

	memset(&f, 0, sizeof(f));
	/* nothing is known but how far it could be */
	f.up = 100.0 * Step(Z95 * prior_sd, from, full);
	return f;
}

static BurnoutSignal
SignalFromShift(Shift shift, double material, double value)
{
	BurnoutSignal s;

	memset(&s, 0, sizeof(s));
	if (!shift.known)
		return s;
	s.value = value;
	s.confidence = Exceeds(shift, material);
	s.severity = s.confidence >= SIGNAL_HIGH ? BURNOUT_HIGH :
		s.confidence >= SIGNAL_MEDIUM ? BURNOUT_MEDIUM : BURNOUT_LOW;
	return s;
}

/*
 * Load
 */

static void
LoadOfDay(const BurnoutDay *day, int age, double *x, double *w)
{
	(void) age;
	*x = day->load.mean;
	*w = RowWeight(day->load.rows);
}

static void
AssessLoad(const BurnoutDay *days, int t, BurnoutRisk *risk)
{
	BurnoutFactor *f = &risk->factors[BURNOUT_LOAD];
	Series		s = SeriesOf(days, t, LoadOfDay);
	double		normal;
	double		variance;
	Shift		shift;

	normal = (LOAD_ANCHOR_DAYS * LOAD_ANCHOR + s.n * s.mean) / (LOAD_ANCHOR_DAYS + s.n);
	normal = num_clamp(normal, 0.0, LOAD_NORMAL_CAP);
	if (!SeriesWindow(&s, days, t, LoadOfDay, LOAD_HALF_LIFE,
					  normal - LOAD_CLIP, normal + LOAD_CLIP))
	{
		*f = UnknownFactor(LOAD_SHIFT_SD, 0.0, LOAD_FULL);
		return;
	}
	variance = Variance(&s, 1.0, LOAD_SD * LOAD_SD, LOAD_SD_DAYS);
	shift = Posterior(s.held - normal,
					  variance * (s.inverse_n + 1.0 / (s.n + LOAD_ANCHOR_DAYS)),
					  LOAD_SHIFT_SD);
	*f = FactorFromShift(shift, 0.0, LOAD_FULL);
	f->value = s.recent;
	f->normal = normal;
	risk->signals[BURNOUT_CHRONIC_OVERLOAD] =
		SignalFromShift(shift, MATERIAL_LOAD, s.recent);
}

/*
 * Performance and retention measure different things; the one that has fallen
 * further counts.  A decline needs a baseline of its own; there is no anchor.
 */

static void
PerformanceOfDay(const BurnoutDay *day, int age, double *x, double *w)
{
	(void) age;
	*x = day->performance.mean;
	*w = RowWeight(day->performance.rows);
}

static void
RetentionOfDay(const BurnoutDay *day, int age, double *x, double *w)
{
	(void) age;
	*x = day->retention.mean;
	*w = RowWeight(day->retention.rows);
}

static void
AssessDecline(const BurnoutDay *days, int t, BurnoutRisk *risk)
{
	static const DayValue results[] = {PerformanceOfDay, RetentionOfDay};
	BurnoutFactor *f = &risk->factors[BURNOUT_DECLINE];
	Shift		worst = unknown_shift;
	double		value = 0.0;
	double		normal = 0.0;
	int			i;

	for (i = 0; i < 2; i++)
	{
		Series		s = SeriesOf(days, t, results[i]);
		double		variance;
		Shift		shift;

		if (!SeriesWindow(&s, days, t, results[i], RESULT_HALF_LIFE, 0.0, 1.0) ||
			s.n <= 0.0)
			continue;
		variance = Variance(&s, 1.0, RESULT_SD * RESULT_SD, RESULT_SD_DAYS);
		shift = Posterior(s.mean - s.recent, variance * (s.inverse_n + 1.0 / s.n),
						  RESULT_SHIFT_SD);
		if (!worst.known || shift.mean > worst.mean)
		{
			worst = shift;
			value = s.recent;
			normal = s.mean;
		}
	}
	if (!worst.known)
	{
		*f = UnknownFactor(RESULT_SHIFT_SD, 0.0, RESULT_FULL);
		return;
	}
	*f = FactorFromShift(worst, 0.0, RESULT_FULL);
	f->value = value;
	f->normal = normal;
	risk->signals[BURNOUT_PERFORMANCE_DROP] =
		SignalFromShift(worst, MATERIAL_DECLINE, normal - value);
}

/*
 * Missions: only days on which something was planned count, so that a planned
 * rest day is neither skipped nor irregular.
 */

static void
SkippedOfDay(const BurnoutDay *day, int age, double *x, double *w)
{
	(void) age;
	*w = day->planned;
	*x = day->planned > 0.0 ? num_clamp(day->skipped / day->planned, 0.0, 1.0) : 0.0;
}

static void
DisengagedOfDay(const BurnoutDay *day, int age, double *x, double *w)
{
	/* a mission still open on the day itself is not late */
	double		late = day->skipped + day->rated_low + (age > 0 ? day->open : 0.0);

	*w = day->planned;
	*x = day->planned > 0.0 ? num_clamp(late / day->planned, 0.0, 1.0) : 0.0;
}

typedef struct ShareRule
{
	DayValue	at;
	double		anchor;
	double		normal_cap;
} ShareRule;

static const ShareRule skip_rule = {SkippedOfDay, SKIP_ANCHOR, SKIP_NORMAL_CAP};
static const ShareRule disengaged_rule = {
	DisengagedOfDay, DISENGAGED_ANCHOR, DISENGAGED_NORMAL_CAP
};

static Shift
ShareShift(const BurnoutDay *days, int t, const ShareRule *rule,
		   double *value, double *normal)
{
	Series		s = SeriesOf(days, t, rule->at);

	if (!SeriesWindow(&s, days, t, rule->at, MISSION_HALF_LIFE, 0.0, 1.0))
		return unknown_shift;
	*value = s.recent;
	*normal = (SHARE_ANCHOR_MISSIONS * rule->anchor + s.n * s.mean) /
		(SHARE_ANCHOR_MISSIONS + s.n);
	*normal = num_clamp(*normal, 0.0, rule->normal_cap);
	return Posterior(*value - *normal,
					 *normal * (1.0 - *normal) *
					 (s.inverse_n + 1.0 / (s.n + SHARE_ANCHOR_MISSIONS)),
					 SHARE_SHIFT_SD);
}

/*
 * Study time
 */

static void
HoursOfDay(const BurnoutDay *day, int age, double *x, double *w)
{
	(void) age;
	*x = day->hours;
	*w = day->timed ? 1.0 : 0.0;
}

/* Days without study are known only if study is timed at all. */
static bool
StudyIsTimed(const BurnoutDay *days, int t)
{
	int			age;

	for (age = 0; age < BURNOUT_LOOKBACK_DAYS && age <= t; age++)
		if (days[t - age].timed && days[t - age].studied)
			return true;
	return false;
}

static Shift
StudyShift(const BurnoutDay *days, int t, double *value, double *normal)
{
	Series		s;
	double		own;
	double		cv2;

	if (!StudyIsTimed(days, t))
		return unknown_shift;
	s = SeriesOf(days, t, HoursOfDay);
	own = s.mean > STUDY_FLOOR ? s.mean : STUDY_FLOOR;
	*normal = exp((STUDY_ANCHOR_DAYS * log(STUDY_ANCHOR) + s.n * log(own)) /
				  (STUDY_ANCHOR_DAYS + s.n));
	*normal = num_clamp(*normal, 0.0, STUDY_ANCHOR);
	if (!SeriesWindow(&s, days, t, HoursOfDay, STUDY_HALF_LIFE,
					  0.0, STUDY_CLIP * *normal))
		return unknown_shift;
	*value = s.recent;
	cv2 = Variance(&s, *normal, STUDY_CV2, STUDY_CV2_DAYS);
	return Posterior((s.held - *normal) / *normal,
					 cv2 * (s.inverse_n + 1.0 / (s.n + STUDY_ANCHOR_DAYS)),
					 STUDY_SHIFT_SD);
}

/*
 * Unknown parts of a weighted mean.  With the weight K known, the known parts'
 * weights are multiplied by 2 - K, the first-order form of 1 / K: the unknown
 * ones are taken to lean the same way, but less sure (together at most
 * 1 - (1 - K)^2 of the scale).
 */
static double
WeightFactor(double known)
{
	return 2.0 - known;
}

/* Half missions not engaged with, half study time given up. */
static BurnoutFactor
Engagement(Shift share, Shift study)
{
	BurnoutFactor parts[2];
	BurnoutFactor f;
	Shift		drop = study;
	double		known = 0.0;
	double		up = 0.0;
	double		down = 0.0;
	int			i;

	drop.mean = -study.mean;
	parts[0] = share.known ? FactorFromShift(share, 0.0, DISENGAGED_FULL) :
		UnknownFactor(SHARE_SHIFT_SD, 0.0, DISENGAGED_FULL);
	parts[1] = drop.known ? FactorFromShift(drop, DROP_FROM, DROP_FULL) :
		UnknownFactor(STUDY_SHIFT_SD, DROP_FROM, DROP_FULL);
	memset(&f, 0, sizeof(f));
	for (i = 0; i < 2; i++)
		known += parts[i].known ? 0.5 : 0.0;
	f.known = known > 0.0;
	for (i = 0; i < 2; i++)
	{
		double		weight = 0.5 * (parts[i].known ? WeightFactor(known) : 1.0);

		f.score += weight * parts[i].score;
		f.reliability += 0.5 * parts[i].reliability;
		up += weight * weight * parts[i].up * parts[i].up;
		down += weight * weight * parts[i].down * parts[i].down;
	}
	f.up = fmin(sqrt(up), 100.0 - f.score);
	f.down = fmin(sqrt(down), f.score);
	return f;
}

/*
 * Rest: a day without study, or with little load.  Study of unknown load is no
 * rest; days before the first are unknown.
 */
static double
RestOfDay(const BurnoutDay *day)
{
	if (!day->studied)
		return 1.0;
	if (day->load.rows <= 0.0)
		return 0.0;
	return num_clamp((REST_LOAD_NONE - day->load.mean) / (REST_LOAD_NONE - REST_LOAD_FULL),
					 0.0, 1.0);
}

static void
AssessRecovery(const BurnoutDay *days, int t, BurnoutRisk *risk)
{
	BurnoutFactor *f = &risk->factors[BURNOUT_RECOVERY];
	BurnoutSignal *s = &risk->signals[BURNOUT_NO_RECOVERY];
	double		rest = 0.0;
	int			known = 0;
	int			certain = 0;
	int			age;

	for (age = 0; age < BURNOUT_REST_DAYS && age <= t; age++)
	{
		const BurnoutDay *day = &days[t - age];

		rest += RestOfDay(day);
		known++;
		if (!day->studied || day->load.rows > 0.0)
			certain++;
	}
	memset(f, 0, sizeof(*f));
	f->known = true;
	f->value = rest;
	f->normal = REST_ENOUGH;
	f->reliability = (double) certain / BURNOUT_REST_DAYS;
	f->score = 100.0 * Step(REST_ENOUGH - rest, 0.0, REST_ENOUGH) *
		known / BURNOUT_REST_DAYS;
	/* the days not known for certain may all have been rest, or none */
	f->up = 100.0 * Step(REST_ENOUGH - rest, 0.0, REST_ENOUGH) - f->score;
	f->down = f->score -
		fmin(f->score, 100.0 * Step(REST_ENOUGH - rest - (BURNOUT_REST_DAYS - certain),
									0.0, REST_ENOUGH));
	s->value = rest;
	s->confidence = f->reliability;
	if (known == BURNOUT_REST_DAYS)
		s->severity = rest < NO_REST_HIGH ? BURNOUT_HIGH :
			rest < NO_REST_MEDIUM ? BURNOUT_MEDIUM : BURNOUT_LOW;
}

static void
AssessEngagement(const BurnoutDay *days, int t, BurnoutRisk *risk)
{
	BurnoutFactor *f;
	double		hours = 0.0;
	double		normal_hours = 0.0;
	double		share = 0.0;
	double		normal_share = 0.0;
	Shift		study = StudyShift(days, t, &hours, &normal_hours);
	Shift		shift = ShareShift(days, t, &skip_rule, &share, &normal_share);

	f = &risk->factors[BURNOUT_INTENSITY];
	if (study.known)
	{
		*f = FactorFromShift(study, INTENSITY_FROM, INTENSITY_FULL);
		f->value = 7.0 * hours;
		f->normal = 7.0 * normal_hours;
	}
	else
		*f = UnknownFactor(STUDY_SHIFT_SD, INTENSITY_FROM, INTENSITY_FULL);

	f = &risk->factors[BURNOUT_IRREGULARITY];
	if (shift.known)
	{
		*f = FactorFromShift(shift, 0.0, SKIP_FULL);
		f->value = share;
		f->normal = normal_share;
	}
	else
		*f = UnknownFactor(SHARE_SHIFT_SD, 0.0, SKIP_FULL);
	risk->signals[BURNOUT_IRREGULAR_PATTERN] =
		SignalFromShift(shift, MATERIAL_SHARE, share);

	shift = ShareShift(days, t, &disengaged_rule, &share, &normal_share);
	f = &risk->factors[BURNOUT_ENGAGEMENT];
	*f = Engagement(shift, study);
	if (shift.known)
	{
		f->value = share;
		f->normal = normal_share;
		risk->signals[BURNOUT_ENGAGEMENT_LOSS] =
			SignalFromShift(shift, MATERIAL_SHARE, share);
	}
	else if (study.known)
	{
		/* without missions it is the share of study time given up */
		f->value = num_clamp(1.0 - hours / normal_hours, 0.0, 1.0);
		study.mean = -study.mean;
		risk->signals[BURNOUT_ENGAGEMENT_LOSS] =
			SignalFromShift(study, MATERIAL_DROP, f->value);
	}
}

void
burnout_assess(const BurnoutDay *days, int t, BurnoutRisk *risk)
{
	bool		others = false;
	double		known = 0.0;
	double		up = 0.0;
	double		down = 0.0;
	int			i;

	memset(risk, 0, sizeof(*risk));
	for (i = 0; i < BURNOUT_WINDOW_DAYS && i <= t; i++)
		if (days[t - i].recorded)
			risk->evidence_days++;
	if (risk->evidence_days == 0)
	{
		risk->reason = BURNOUT_NO_ROWS;
		return;
	}
	AssessEngagement(days, t, risk);
	AssessDecline(days, t, risk);
	AssessLoad(days, t, risk);
	AssessRecovery(days, t, risk);

	for (i = 0; i < BURNOUT_FACTORS; i++)
		if (risk->factors[i].known)
		{
			known += burnout_factor_weights[i];
			if (i != BURNOUT_RECOVERY)
				others = true;
		}
	/* rest is always known, and says too little alone */
	if (!others)
	{
		risk->reason = BURNOUT_INSUFFICIENT;
		return;
	}
	for (i = 0; i < BURNOUT_FACTORS; i++)
	{
		BurnoutFactor *f = &risk->factors[i];
		double		weight = burnout_factor_weights[i];

		risk->confidence += weight * f->reliability;
		if (f->known)
		{
			weight *= WeightFactor(known);
			f->weight = weight;
			f->contribution = weight * f->score;
			risk->score += f->contribution;
		}
		up += weight * weight * f->up * f->up;
		down += weight * weight * f->down * f->down;
	}
	risk->score = num_clamp(risk->score, 0.0, 100.0);
	risk->low = num_clamp(risk->score - sqrt(down), 0.0, 100.0);
	risk->high = num_clamp(risk->score + sqrt(up), 0.0, 100.0);
}
