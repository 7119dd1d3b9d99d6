/*
 * test_burnout_math.c
 *		Levels and the risk of made-up days, without a server.
 *
 * Figures of single factors by hand stand in test/sql/burnout.sql; here are
 * the laws: no cliffs, more of a bad thing is never better, evidence matters.
 */
#include <string.h>

#include "burnout_math.h"
#include "unit.h"

#define DAYS (BURNOUT_LOOKBACK_DAYS + 60)

static BurnoutDay days[DAYS];

/* every day alike: hours, load, performance, one mission planned */
static void
steady(double hours, double load, double performance)
{
	int			i;

	memset(days, 0, sizeof(days));
	for (i = 0; i < DAYS; i++)
	{
		days[i].recorded = days[i].timed = days[i].studied = true;
		days[i].hours = hours;
		days[i].load.mean = load;
		days[i].load.rows = 1;
		days[i].performance.mean = performance;
		days[i].performance.rows = 1;
		days[i].planned = 1;
	}
}

static BurnoutRisk
assess(int t)
{
	BurnoutRisk risk;

	burnout_assess(days, t, &risk);
	return risk;
}

static double
contributions(const BurnoutRisk *risk)
{
	double		sum = 0;
	int			i;

	for (i = 0; i < BURNOUT_FACTORS; i++)
		sum += risk->factors[i].contribution;
	return sum;
}

TEST(levels)
{
	CHECK(burnout_level(0) == BURNOUT_LOW);
	CHECK(burnout_level(24.999) == BURNOUT_LOW);
	CHECK(burnout_level(25) == BURNOUT_MEDIUM);
	CHECK(burnout_level(49.999) == BURNOUT_MEDIUM);
	CHECK(burnout_level(50) == BURNOUT_HIGH);
	CHECK(burnout_level(74.999) == BURNOUT_HIGH);
	CHECK(burnout_level(75) == BURNOUT_CRITICAL);
	CHECK(burnout_level(100) == BURNOUT_CRITICAL);
	/* one rounding below a cut is that cut */
	CHECK(burnout_level(75 - 1e-13) == BURNOUT_CRITICAL);
}

TEST(hysteresis)
{
	/* rises at the cut */
	CHECK(burnout_next_level(BURNOUT_LOW, 24.9, 14) == BURNOUT_LOW);
	CHECK(burnout_next_level(BURNOUT_LOW, 25, 14) == BURNOUT_MEDIUM);
	CHECK(burnout_next_level(BURNOUT_LOW, 80, 14) == BURNOUT_CRITICAL);
	/* falls 5 below it */
	CHECK(burnout_next_level(BURNOUT_MEDIUM, 20, 14) == BURNOUT_MEDIUM);
	CHECK(burnout_next_level(BURNOUT_MEDIUM, 19.9, 14) == BURNOUT_LOW);
	CHECK(burnout_next_level(BURNOUT_HIGH, 45, 14) == BURNOUT_HIGH);
	CHECK(burnout_next_level(BURNOUT_HIGH, 44.9, 14) == BURNOUT_MEDIUM);
	CHECK(burnout_next_level(BURNOUT_CRITICAL, 70, 14) == BURNOUT_CRITICAL);
	CHECK(burnout_next_level(BURNOUT_CRITICAL, 69.9, 14) == BURNOUT_HIGH);
	CHECK(burnout_next_level(BURNOUT_CRITICAL, 0, 14) == BURNOUT_LOW);
	/* one level at a time where the score lies just below the next cut */
	CHECK(burnout_next_level(BURNOUT_CRITICAL, 48, 14) == BURNOUT_HIGH);
}

TEST(evidence_caps_the_level)
{
	CHECK(burnout_next_level(BURNOUT_LOW, 100, 0) == BURNOUT_LOW);
	CHECK(burnout_next_level(BURNOUT_LOW, 100, 2) == BURNOUT_LOW);
	CHECK(burnout_next_level(BURNOUT_LOW, 100, 3) == BURNOUT_MEDIUM);
	CHECK(burnout_next_level(BURNOUT_LOW, 100, 4) == BURNOUT_MEDIUM);
	CHECK(burnout_next_level(BURNOUT_LOW, 100, 5) == BURNOUT_HIGH);
	CHECK(burnout_next_level(BURNOUT_LOW, 100, 6) == BURNOUT_HIGH);
	CHECK(burnout_next_level(BURNOUT_LOW, 100, 7) == BURNOUT_CRITICAL);
	CHECK(burnout_next_level(BURNOUT_CRITICAL, 100, 2) == BURNOUT_LOW);
}

TEST(weights)
{
	static const double expected[BURNOUT_FACTORS] = {0.20, 0.25, 0.25, 0.15, 0.10, 0.05};
	BurnoutRisk risk;
	double		sum = 0;
	int			i;

	steady(1, 40, 0.7);
	risk = assess(DAYS - 1);
	for (i = 0; i < BURNOUT_FACTORS; i++)
	{
		CHECK_EQ(burnout_factor_weights[i], expected[i]);
		/* all known: the model's own weights */
		CHECK(risk.factors[i].known);
		CHECK_CLOSE(risk.factors[i].weight, expected[i], 1e-12);
		sum += risk.factors[i].weight;
	}
	CHECK_CLOSE(sum, 1.0, 1e-12);
}

TEST(steady_learner_is_at_no_risk)
{
	BurnoutRisk risk;

	/* load 30 is rest, everything as always */
	steady(1, 30, 0.7);
	risk = assess(DAYS - 1);
	CHECK(risk.reason == BURNOUT_HAS_SCORE);
	CHECK(risk.score < 1e-12);
	CHECK(risk.low < 1e-12);
	CHECK(risk.evidence_days == BURNOUT_WINDOW_DAYS);
	/* the same learner at load 50 never rests: 5 points */
	steady(1, 50, 0.7);
	risk = assess(DAYS - 1);
	CHECK(risk.score >= 5.0);
	CHECK_CLOSE(risk.factors[BURNOUT_RECOVERY].contribution, 5.0, 1e-12);
}

/*
 * Each quantity of the last days is moved in small steps: the score moves in
 * small steps, never down, and by a fair amount in all.
 */
static void
sweep(void (*set) (BurnoutDay *day, double share), double least_rise)
{
	double		before = -1;
	double		first = 0;
	int			step;

	for (step = 0; step <= 1000; step++)
	{
		BurnoutRisk risk;
		int			i;

		steady(1, 40, 0.8);
		for (i = DAYS - BURNOUT_WINDOW_DAYS; i < DAYS; i++)
			set(&days[i], step / 1000.0);
		risk = assess(DAYS - 1);
		CHECK(risk.reason == BURNOUT_HAS_SCORE);
		CHECK(risk.low <= risk.score && risk.score <= risk.high);
		CHECK(fabs(contributions(&risk) - risk.score) < 1e-9);
		if (step == 0)
			first = risk.score;
		else
		{
			CHECK(risk.score >= before - 1e-9);
			CHECK(risk.score - before < 1.0);
		}
		before = risk.score;
	}
	CHECK(before - first >= least_rise);
}

static void
set_load(BurnoutDay *day, double share)
{
	day->load.mean = 40 + 60 * share;
}

static void
set_hours(BurnoutDay *day, double share)
{
	day->hours = 1 + 5 * share;
}

static void
set_fewer_hours(BurnoutDay *day, double share)
{
	day->hours = 1 - 0.9999 * share;
}

static void
set_performance(BurnoutDay *day, double share)
{
	day->performance.mean = 0.8 - 0.8 * share;
}

static void
set_skipped(BurnoutDay *day, double share)
{
	day->planned = 1000;
	day->skipped = 1000 * share;
}

TEST(no_cliffs)
{
	sweep(set_load, 25);
	sweep(set_hours, 20);
	sweep(set_fewer_hours, 4);
	sweep(set_performance, 25);
	sweep(set_skipped, 20);
}

/* Days without rows after a bad time: the score fades, it does not jump. */
TEST(evidence_fades)
{
	double		before = 0;
	int			t;
	int			last = BURNOUT_LOOKBACK_DAYS;

	steady(1, 40, 0.8);
	for (t = 0; t < DAYS; t++)
	{
		days[t].timed = days[t].studied = false;
		days[t].hours = 0;
		days[t].planned = 0;
		days[t].performance.rows = 0;
		if (t > last - BURNOUT_WINDOW_DAYS)
			days[t].load.mean = 80;
		days[t].studied = days[t].recorded = t <= last;
		if (t > last)
			memset(&days[t], 0, sizeof(BurnoutDay));
	}
	for (t = last; t < last + BURNOUT_WINDOW_DAYS; t++)
	{
		BurnoutRisk risk = assess(t);
		const BurnoutFactor *load = &risk.factors[BURNOUT_LOAD];

		CHECK(risk.reason == BURNOUT_HAS_SCORE);
		CHECK(load->known);
		if (t > last)
			CHECK(load->score <= before + 1e-9);
		before = load->score;
	}
	/* on its last day in the window the evidence of weeks weighs next to nothing */
	CHECK(assess(last + BURNOUT_WINDOW_DAYS - 1).factors[BURNOUT_LOAD].reliability <
		  assess(last).factors[BURNOUT_LOAD].reliability);
	CHECK(assess(last + BURNOUT_WINDOW_DAYS).reason == BURNOUT_NO_ROWS);
}

TEST(reasons)
{
	BurnoutRisk risk;

	memset(days, 0, sizeof(days));
	CHECK(assess(DAYS - 1).reason == BURNOUT_NO_ROWS);
	/* a recorded day of which only rest is known */
	days[DAYS - 1].recorded = true;
	CHECK(assess(DAYS - 1).reason == BURNOUT_INSUFFICIENT);
	CHECK(assess(DAYS - 1).evidence_days == 1);
	/* missions alone carry 0.15 + 0.10 + 0.05 */
	days[DAYS - 1].planned = 1;
	risk = assess(DAYS - 1);
	CHECK(risk.reason == BURNOUT_HAS_SCORE);
	CHECK(!risk.factors[BURNOUT_LOAD].known);
	CHECK(!risk.factors[BURNOUT_INTENSITY].known);
}

/* The future and what lies before the lookback are not read. */
TEST(bounds)
{
	BurnoutRisk here;
	BurnoutRisk there;
	int			t = BURNOUT_LOOKBACK_DAYS + 20;

	steady(1, 45, 0.7);
	here = assess(t);
	memset(&days[t + 1], 0x55, sizeof(BurnoutDay) * (DAYS - t - 1));
	memset(&days[0], 0x55, sizeof(BurnoutDay) * (t - BURNOUT_LOOKBACK_DAYS + 1));
	there = assess(t);
	CHECK_EQ(there.score, here.score);
	CHECK_EQ(there.high, here.high);
	CHECK_EQ(there.confidence, here.confidence);
}

/* Shares of skipped missions below a tenth are told apart. */
TEST(small_shares)
{
	double		before = -1.0;
	double		skipped;
	int			i;

	for (skipped = 0.0; skipped <= 2.0; skipped += 0.5)
	{
		BurnoutRisk risk;

		steady(1, 45, 0.7);
		for (i = 0; i < DAYS; i++)
			days[i].planned = 20;
		for (i = DAYS - BURNOUT_WINDOW_DAYS; i < DAYS; i++)
			days[i].skipped = skipped;
		risk = assess(DAYS - 1);
		CHECK(risk.factors[BURNOUT_IRREGULARITY].score +
			  risk.factors[BURNOUT_IRREGULARITY].up > before);
		before = risk.factors[BURNOUT_IRREGULARITY].score + risk.factors[BURNOUT_IRREGULARITY].up;
	}
}

/* All but the load is known and at its worst, and the load could be: the interval ends at 100. */
TEST(worst)
{
	BurnoutRisk risk;
	int			i;

	steady(1, 45, 0.9);
	for (i = 0; i < DAYS; i++)
	{
		days[i].load.rows = 0;
		days[i].performance.rows = 20;
		days[i].planned = 20;
		if (i >= DAYS - BURNOUT_WINDOW_DAYS)
		{
			days[i].hours = 20;
			days[i].performance.mean = 0;
			days[i].skipped = 20;
		}
	}
	risk = assess(DAYS - 1);
	CHECK(!risk.factors[BURNOUT_LOAD].known);
	CHECK(risk.score > 75.0);
	CHECK_EQ(risk.high, 100.0);
}

TEST(ends_of_factors)
{
	const BurnoutFactor *f;
	BurnoutRisk risk;
	int			i;

	/*
	 * load 45 is a quarter of a day of rest: 1.75 days, u = 1.25 / 3,
	 * 3 u^2 - 2 u^3 = 0.376157; all seven days are known, so nothing is open
	 */
	steady(1, 45, 0.7);
	risk = assess(DAYS - 1);
	f = &risk.factors[BURNOUT_RECOVERY];
	CHECK_CLOSE(f->score, 37.615740740740740, 1e-12);
	CHECK_EQ(f->up, 0.0);
	CHECK_EQ(f->down, 0.0);
	/* no rest, but one day of unknown load may have been it: u = 2 / 3, 20 / 27 */
	steady(1, 60, 0.7);
	days[DAYS - 3].load.rows = 0;
	risk = assess(DAYS - 1);
	f = &risk.factors[BURNOUT_RECOVERY];
	CHECK_EQ(f->score, 100.0);
	CHECK_CLOSE(f->down, 700.0 / 27.0, 1e-12);
	/*
	 * every mission skipped, study time unknown: half the weight, times 1.5; the
	 * other half could add 39, which would pass 100
	 */
	steady(0, 45, 0.7);
	for (i = 0; i < DAYS; i++)
	{
		days[i].timed = false;
		days[i].planned = 20;
		days[i].skipped = i >= DAYS - BURNOUT_WINDOW_DAYS ? 20 : 0;
	}
	risk = assess(DAYS - 1);
	f = &risk.factors[BURNOUT_ENGAGEMENT];
	CHECK_CLOSE(f->score, 75.0, 1e-12);
	CHECK_CLOSE(f->up, 25.0, 1e-12);
}

int
main(void)
{
	UNIT_BEGIN(12);
	RUN(levels);
	RUN(hysteresis);
	RUN(evidence_caps_the_level);
	RUN(weights);
	RUN(steady_learner_is_at_no_risk);
	RUN(no_cliffs);
	RUN(evidence_fades);
	RUN(reasons);
	RUN(bounds);
	RUN(small_shares);
	RUN(worst);
	RUN(ends_of_factors);
	UNIT_END();
}
