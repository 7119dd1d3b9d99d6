/*
 * test_pattern_math.c
 *		The mathematics of habits against closed forms and SciPy.
 */
#include <float.h>
#include <stdlib.h>
#include <string.h>

#include "pattern_math.h"
#include "unit.h"

#define MAX_WORK 200000

static double work[MAX_WORK];

static void
make_fit(PatternFit *fit, const PatternCell *cells, int count, int buckets, bool changes)
{
	CHECK(pattern_fit_doubles(count, buckets) <= MAX_WORK);
	pattern_fit(fit, cells, count, buckets, changes, work);
}

TEST(truncated_moments)
{
	/* half of the normal's moments: 1/2, sqrt(2/pi), 3/2 */
	CHECK_CLOSE(pattern_truncated_moment(2, 0.0), 0.5, 1e-15);
	CHECK_CLOSE(pattern_truncated_moment(3, 0.0), 0.79788456080286541, 1e-15);
	CHECK_CLOSE(pattern_truncated_moment(4, 0.0), 1.5, 1e-15);
	/* scipy.integrate.quad of t**k*exp(-(t-z)**2/2)/sqrt(2*pi) over 0 .. 40, epsrel=1e-13 */
	CHECK_CLOSE(pattern_truncated_moment(2, 1.0), 1.9246602166562297, 1e-13);
	CHECK_CLOSE(pattern_truncated_moment(3, -2.0), 0.005443951804619412, 1e-12);
	CHECK_CLOSE(pattern_truncated_moment(4, 3.0), 137.99985170493645, 1e-13);
	CHECK_CLOSE(pattern_truncated_moment(2, -5.0), 1.934329518755317e-08, 1e-10);
	/* z^2 + 1 and so on once nothing is cut off */
	CHECK_CLOSE(pattern_truncated_moment(2, 20.0), 401.0, 1e-15);
	CHECK_CLOSE(pattern_truncated_moment(3, 20.0), 8060.0, 1e-15);
	CHECK_CLOSE(pattern_truncated_moment(4, 20.0), 162403.0, 1e-15);
	/*
	 * The series, against the recurrence in mpmath with 400 digits; it leaves out
	 * (k+1) ... (k+6) / (48 z^6).
	 */
	CHECK_CLOSE(pattern_truncated_moment(2, -13.0), 7.0339512594051280e-41, 1e-4);
	CHECK_CLOSE(pattern_truncated_moment(2, -30.0), 1.0843724873983491e-200, 7e-7);
	CHECK_CLOSE(pattern_truncated_moment(3, -30.0), 1.0796005987754934e-201, 2e-6);
	CHECK_CLOSE(pattern_truncated_moment(4, -30.0), 1.4315665868567245e-202, 5e-6);
	/* where the series takes over, both agree as far as either goes */
	CHECK_CLOSE(pattern_truncated_moment(2, -12.000001),
				pattern_truncated_moment(2, -11.999999), 1e-3);
	CHECK(pattern_truncated_moment(2, -30.0) > 0.0);
}

TEST(bayes_factor)
{
	double		mean;
	double		variance;

	/* score 0: (1 + tau^2 I)^(-3/2); tau = 1/2 */
	CHECK_CLOSE(pattern_log_bayes_factor(4.0, 0.0, 16.0, 16.0, NULL, NULL), -1.5 * log(2.0), 1e-14);
	CHECK_CLOSE(pattern_log_bayes_factor(12.0, 0.0, 1.0, 50.0, NULL, NULL), -1.5 * log(4.0), 1e-14);
	/* no information: nothing learnt; delta keeps its prior, whose mean is
	 * 2 tau sqrt(2/pi) sigma (Maxwell) and variance tau^2 (3 - 8/pi) sigma^2 */
	CHECK_CLOSE(1.0 + pattern_log_bayes_factor(0.0, 0.0, 15.0, 16.0, &mean, &variance), 1.0, 1e-14);
	CHECK_CLOSE(mean, 0.79788456080286541, 1e-14);
	CHECK_CLOSE(variance, 0.25 * (3.0 - 8.0 / 3.14159265358979324), 1e-13);
	/* the sign matters: a better bucket and a worse one */
	CHECK(pattern_log_bayes_factor(4.0, 4.0, 16.0, 16.0, NULL, NULL) > 1.0);
	CHECK(pattern_log_bayes_factor(4.0, -4.0, 16.0, 16.0, NULL, NULL) < -2.5);
	/* 16 rows, z of many standard errors either way: finite */
	CHECK(isfinite(pattern_log_bayes_factor(4.0, 8.0, 16.0, 16.0, &mean, &variance)));
	CHECK(isfinite(pattern_log_bayes_factor(1e6, -1e6, 1e6, 1e6, &mean, &variance)));
	CHECK(mean > 0.0 && variance >= 0.0 && isfinite(mean));
}

TEST(groups)
{
	PatternSet	sets[3000];
	double		sum = 0.0;
	int			count;
	int			i;

	/* two: one each; three: one, all but one, two; four likewise; 65: no pairs */
	CHECK(pattern_groups(2, NULL) == 2);
	CHECK(pattern_groups(3, NULL) == 3 + 3 + 3);
	CHECK(pattern_groups(4, NULL) == 4 + 4 + 6);
	CHECK(pattern_groups(64, NULL) == 64 + 64 + 2016);
	CHECK(pattern_groups(65, NULL) == 65 + 65);
	for (count = 2; count <= 65; count += 21)
	{
		int			sets_count = pattern_groups(count, sets);

		sum = 0.0;
		CHECK(sets_count == pattern_groups(count, NULL));
		for (i = 0; i < sets_count; i++)
			sum += sets[i].prior;
		CHECK_CLOSE(sum, PATTERN_PRIOR_HABIT, 1e-13);
	}
	(void) pattern_groups(4, sets);
	CHECK_CLOSE(sets[0].prior, 0.5 * 0.85 / 4, 1e-15);
	CHECK_CLOSE(sets[4].prior, 0.5 * 0.05 / 4, 1e-15);
	CHECK_CLOSE(sets[8].prior, 0.5 * 0.10 / 6, 1e-15);
	CHECK(pattern_claims(&sets[0], 0, 4) && !pattern_claims(&sets[0], 1, 4));
	CHECK(!pattern_claims(&sets[4], 1, 4));
	CHECK(pattern_claims(&sets[8], 1, 4) && !pattern_claims(&sets[8], 2, 4));
	/* two of three are the many, not the few */
	(void) pattern_groups(3, sets);
	CHECK(sets[6].kind == PATTERN_TWO && !pattern_claims(&sets[6], 0, 3));
}

TEST(status)
{
	PatternCell one[] = {{0, PATTERN_NO_DAY, 5, 5.0, 5.0, 1.0}};
	PatternCell light[] = {{0, PATTERN_NO_DAY, 2, 1.0, 1.0, 0.1},
	{1, PATTERN_NO_DAY, 2, 1.0, 2.0, 0.1}};
	PatternCell two[] = {{0, PATTERN_NO_DAY, 1, 9.0, 1.0, 0.0},
	{1, PATTERN_NO_DAY, 1, 9.0, 2.0, 0.0}};
	PatternCell flat[] = {{0, PATTERN_NO_DAY, 3, 3.0, 0.3, 0.0},
	{1, PATTERN_NO_DAY, 3, 3.0, 0.3, 0.0}};
	PatternCell empty[] = {{0, PATTERN_NO_DAY, 3, 0.0, 0.0, 0.0}};
	PatternFit	fit;

	make_fit(&fit, one, 1, 1, true);
	CHECK(fit.status == PATTERN_ONE_BUCKET);
	make_fit(&fit, light, 2, 2, true);
	CHECK(fit.status == PATTERN_FEW_ROWS);
	make_fit(&fit, two, 2, 2, true);
	CHECK(fit.status == PATTERN_FEW_ROWS);
	make_fit(&fit, flat, 2, 2, true);
	CHECK(fit.status == PATTERN_NO_VARIATION);
	make_fit(&fit, empty, 1, 1, true);
	CHECK(fit.status == PATTERN_NO_EVIDENCE);
	make_fit(&fit, NULL, 0, 0, true);
	CHECK(fit.status == PATTERN_NO_EVIDENCE);
}

/* Welch and pooled t tests need nothing of the mixed model: rows without days. */
TEST(effect_of_independent_rows)
{
	/* a: 1 2 3, b: 4 6; scipy.stats.ttest_ind: t 2.846049894151542, p 0.06532071006198001 */
	PatternCell cells[] = {{0, PATTERN_NO_DAY, 3, 3.0, 6.0, 2.0},
	{1, PATTERN_NO_DAY, 2, 2.0, 10.0, 2.0}};
	PatternSet	set;
	PatternFit	fit;
	PatternEffect effect;

	make_fit(&fit, cells, 2, 2, true);
	CHECK(fit.status == PATTERN_OK && fit.segments == 1 && fit.clusters == 5);
	memset(&set, 0, sizeof(set));
	set.kind = PATTERN_ONE;
	set.a = 1;
	effect = pattern_effect(&fit, &set);
	CHECK_CLOSE(effect.effect, 3.0, 1e-14);
	CHECK_CLOSE(effect.effect / effect.error, 2.846049894151542, 1e-13);
	CHECK_CLOSE(effect.p_value, 0.06532071006198001, 1e-12);
	CHECK_EQ(effect.df, 3.0);
	CHECK_CLOSE(effect.inflation, 1.0, 1e-12);
}

/* Twenty rows on each of ten days that differ: the days' means are what counts. */
TEST(clusters)
{
	static const double day_mean[] = {0.14, -0.05, -0.06, 0.08, 0.06, 0.10, 0.11, -0.02, 0.10,
	-0.09};
	PatternCell cells[10];
	PatternFit	fit;
	PatternSet	set;
	PatternEffect effect;
	int			i;

	for (i = 0; i < 10; i++)
	{
		PatternCell cell = {i % 2, 7 * i, 20, 20.0, 0.0, 20 * 0.0002};

		cell.sum = 20.0 * day_mean[i];
		cells[i] = cell;
	}
	make_fit(&fit, cells, 10, 2, false);
	memset(&set, 0, sizeof(set));
	set.kind = PATTERN_ONE;
	effect = pattern_effect(&fit, &set);
	/* means 0.07 and 0.004; error of their own t test 0.05085 */
	CHECK_CLOSE(effect.effect, 0.066, 1e-6);
	CHECK_CLOSE(effect.error, 0.05085, 0.05);
	CHECK_EQ(effect.df, 8.0);
	CHECK(effect.p_value > 0.2 && effect.inflation > 15.0);
	CHECK(fit.day_ratio + fit.week_ratio > 20.0);
}

/* Weeks are blocks of seven days, also before 2000-01-01. */
TEST(weeks)
{
	PatternCell cells[8];
	PatternFit	fit;
	double		joined;
	int			i;

	/* days -7 .. -1 are one week, 0 begins the next: one deviation each */
	for (i = 0; i < 8; i++)
	{
		PatternCell cell = {i % 2, i < 4 ? i - 7 : i - 4, 1, 1.0, 0.0, 0.0};

		cell.sum = (i < 4 ? 1.0 : -1.0) + (i % 4 < 2 ? 0.01 : -0.01);
		cells[i] = cell;
	}
	make_fit(&fit, cells, 8, 2, false);
	joined = fit.week_ratio;
	/* the same with the boundary inside: -2 .. 1 and 12 .. 15 */
	for (i = 0; i < 8; i++)
		cells[i].day = i < 4 ? i - 2 : i + 8;
	make_fit(&fit, cells, 8, 2, false);
	CHECK(joined > 5.0 && fit.week_ratio < joined);
}

TEST(discount)
{
	PatternCell cells[] = {{0, PATTERN_NO_DAY, 20, 20.0, 10.0, 4.0},
	{1, 3, 1, 1.0, 0.5, 0.0},
	{2, 3, 20, 20.0, 10.0, 4.0},
	{0, 4, 4, 0.8, 0.4, 0.1},
	{1, 4, 1, 1.5, 0.6, 0.0}};

	/* 20 rows of a day count as 20 / (1 + 0.05 * 19) = 10.256410; one row, rows
	 * without a day and rows of less weight than one count in full */
	pattern_discount(cells, 5);
	CHECK(cells[0].weight == 20.0 && cells[0].sum == 10.0 && cells[0].squares == 4.0);
	CHECK(cells[1].weight == 1.0 && cells[1].sum == 0.5);
	CHECK_CLOSE(cells[2].weight, 20.0 / 1.95, 1e-15);
	CHECK_CLOSE(cells[2].sum, 10.0 / 1.95, 1e-15);
	CHECK_CLOSE(cells[2].squares, 4.0 / 1.95, 1e-15);
	CHECK(cells[2].rows == 20);
	CHECK(cells[3].weight == 0.8 && cells[3].sum == 0.4 && cells[3].squares == 0.1);
	/* 1.5 rows count as 1.5 / 1.025 */
	CHECK_CLOSE(cells[4].weight, 1.5 / 1.025, 1e-15);
}

TEST(changes)
{
	PatternCell cells[200];
	PatternSet	sets[2];
	PatternFit	fit;
	double		confidence[2];
	double		total;
	int			i;

	/* 56 days, bucket i % 2, better by one from day 28 on */
	for (i = 0; i < 56; i++)
	{
		PatternCell cell = {i % 2, i, 1, 1.0, 0.0, 0.0};

		cell.sum = (i % 2 == 0 && i >= 28 ? 1.0 : 0.0) + ((i * 7) % 5) * 0.1;
		cells[i] = cell;
	}
	make_fit(&fit, cells, 56, 2, true);
	CHECK(fit.segments == PATTERN_SEGMENTS && fit.columns == 8);
	(void) pattern_groups(2, sets);
	pattern_posterior(&fit, sets, 2, true);
	pattern_confidences(&fit, sets, 2, confidence, NULL);
	CHECK(confidence[0] > 0.99 && sets[0].begun > 0.95 * sets[0].probability);
	CHECK(sets[0].past < 0.01);
	total = sets[0].probability + sets[0].past + sets[1].probability + sets[1].past;
	CHECK(total > 0.99 && total <= 1.0 + 1e-12);

	/* better until then: it held, and does no longer */
	for (i = 0; i < 56; i++)
		cells[i].sum = (i % 2 == 0 && i < 28 ? 1.0 : 0.0) + ((i * 7) % 5) * 0.1;
	make_fit(&fit, cells, 56, 2, true);
	(void) pattern_groups(2, sets);
	pattern_posterior(&fit, sets, 2, true);
	CHECK(sets[0].past > 0.95 && sets[0].probability < 0.05);

	/* one day less than 28: changes are not looked for */
	make_fit(&fit, cells, 27, 2, true);
	CHECK(fit.segments == 1);
	make_fit(&fit, cells, 28, 2, true);
	CHECK(fit.segments == PATTERN_SEGMENTS);
	make_fit(&fit, cells, 28, 2, false);
	CHECK(fit.segments == 1);
}

TEST(windows)
{
	PatternCell cells[24];
	PatternSet	sets[24];
	PatternFit	fit;
	double		sum = 0.0;
	int			i;

	/* one bucket has 9 of 32 rows */
	for (i = 0; i < 24; i++)
	{
		PatternCell cell = {i, PATTERN_NO_DAY, 1, 1.0, 0.0, 0.0};

		cell.rows = i == 5 ? 9 : 1;
		cell.weight = (double) cell.rows;
		cell.sum = cell.weight * (i % 7);
		cells[i] = cell;
	}
	make_fit(&fit, cells, 24, 24, true);
	CHECK(pattern_windows(&fit, 3, NULL) == 24);
	(void) pattern_windows(&fit, 3, sets);
	for (i = 0; i < 24; i++)
		sum += sets[i].prior;
	CHECK_CLOSE(sum, PATTERN_PRIOR_HABIT, 1e-13);
	/* 0.5 (0.5 / 24 + 0.5 * 11 / 32 / 3) around the heavy bucket, 3 / 32 elsewhere */
	CHECK_CLOSE(sets[4].prior, 0.5 * (0.5 / 24 + 0.5 * 11 / 96.0), 1e-13);
	CHECK_CLOSE(sets[10].prior, 0.5 * (0.5 / 24 + 0.5 * 3 / 96.0), 1e-13);
	/* the circle */
	CHECK(pattern_claims(&sets[23], 1, 24) && pattern_claims(&sets[23], 23, 24) &&
		  !pattern_claims(&sets[23], 2, 24));
}

TEST(limit)
{
	PatternCell cells[10];
	double		position[10];
	PatternFit	fit;
	PatternLimit limit;
	double		limit_work[40];
	int			i;

	/* flat up to 30, then 0.02 less per unit */
	for (i = 0; i < 10; i++)
	{
		PatternCell cell = {i, PATTERN_NO_DAY, 20, 20.0, 0.0, 20 * 0.01};

		position[i] = 10.0 * i;
		cell.sum = 20.0 * (1.0 - 0.02 * fmax(position[i] - 30.0, 0.0));
		cells[i] = cell;
	}
	make_fit(&fit, cells, 10, 10, false);
	limit = pattern_limit(&fit, position, limit_work);
	CHECK(limit.probability > 0.999 && limit.low <= 30.0 && limit.high >= 30.0);
	CHECK_CLOSE(limit.at, 30.0, 0.05);
	CHECK_CLOSE(limit.slope, -0.02, 0.05);
	CHECK(limit.slope_low < limit.slope && limit.slope < limit.slope_high);
	/* beyond 30 lie 10 .. 60: 35 on average, 0.7 lower */
	CHECK_CLOSE(limit.effect, -0.7, 0.08);

	/* turned round, it rises */
	for (i = 0; i < 10; i++)
		cells[i].sum = -cells[i].sum;
	make_fit(&fit, cells, 10, 10, false);
	limit = pattern_limit(&fit, position, limit_work);
	CHECK(limit.probability < 0.001);
}

int
main(void)
{
	UNIT_BEGIN(11);
	RUN(truncated_moments);
	RUN(bayes_factor);
	RUN(groups);
	RUN(status);
	RUN(effect_of_independent_rows);
	RUN(clusters);
	RUN(weeks);
	RUN(discount);
	RUN(changes);
	RUN(windows);
	RUN(limit);
	UNIT_END();
}
