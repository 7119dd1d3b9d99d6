/*
 * test_pattern_math.c
 *		The mathematics of habits against closed forms and SciPy.
 */
#include <float.h>
#include <stdlib.h>
#include <string.h>

#include "pattern_math.h"
#include "pattern_values.h"
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
	/*
	 * It takes over below -12: there the recurrence still holds, whose value is
	 * mpmath's; at -12.1 the series 2 (1 - 6 y + 45 y^2) / |z|^3, y = 1 / z^2,
	 * is 1.3e-4 too large.
	 */
	CHECK_CLOSE(pattern_truncated_moment(2, -12.0), 2.3857971696213262e-35, 1e-9);
	CHECK_CLOSE(pattern_truncated_moment(2, -12.1),
				2.0 * (1.0 - 6.0 / 146.41 + 45.0 / (146.41 * 146.41)) / 1771.561 *
				0.3989422804014327 * exp(-73.205), 1e-12);
	CHECK_CLOSE(pattern_truncated_moment(2, -12.1), 6.9787416453542788e-36 * 1.00013, 1e-5);
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
	/*
	 * z = -30.8: what is left of delta is narrow, 0.0031 of the posterior's
	 * variance, by the recurrence in 40 digits; the series is good for 1e-5 here
	 */
	(void) pattern_log_bayes_factor(100.0, -300.0, 1e4, 1e4, &mean, &variance);
	CHECK_CLOSE(variance, 2.7472364058490616e-5, 1e-4);
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

/* The first cells that count as evidence, and the last that do not. */
TEST(edges)
{
	/* weight 0.005 is little, but not none */
	PatternCell faint[] = {{0, PATTERN_NO_DAY, 3, 0.005, 0.005, 0.0}};
	/* three rows, degrees of freedom 3 - 2; a bucket of weight 0.005 */
	PatternCell three[] = {{0, PATTERN_NO_DAY, 2, 2.095, 2.0, 0.5},
	{1, PATTERN_NO_DAY, 1, 0.005, 0.01, 0.0}};
	PatternCell exactly_two[] = {{0, PATTERN_NO_DAY, 2, 1.0, 1.0, 0.5},
	{1, PATTERN_NO_DAY, 2, 1.0, 2.0, 0.5}};
	/* two buckets, one of them without rows */
	PatternCell alone[] = {{0, PATTERN_NO_DAY, 5, 5.0, 5.0, 1.0}};
	PatternCell heaviest[] = {{0, PATTERN_NO_DAY, 2, 0.5e100, 0.0, 1e99},
	{1, PATTERN_NO_DAY, 2, 0.5e100, 0.5e100, 1e99}};
	/*
	 * mean 1, weight 6: scores that differ by 1e-26 of the squared mean and less
	 * do so by rounding
	 */
	PatternCell narrow[] = {{0, PATTERN_NO_DAY, 3, 3.0, 3.0, 1e-26 * 6.0},
	{1, PATTERN_NO_DAY, 3, 3.0, 3.0, 0.0}};
	/* mean 0: squares at the end of what divides with all digits */
	PatternCell tiny[] = {{0, PATTERN_NO_DAY, 3, 3.0, 0.0, DBL_MIN / DBL_EPSILON},
	{1, PATTERN_NO_DAY, 3, 3.0, 0.0, 0.0}};
	PatternFit	fit;

	make_fit(&fit, faint, 1, 2, true);
	CHECK(fit.status == PATTERN_FEW_ROWS);
	make_fit(&fit, three, 2, 2, true);
	CHECK(fit.status == PATTERN_OK);
	CHECK_EQ(fit.df, 1.0);
	make_fit(&fit, exactly_two, 2, 2, true);
	CHECK(fit.status == PATTERN_FEW_ROWS);
	make_fit(&fit, alone, 1, 2, true);
	CHECK(fit.status == PATTERN_ONE_BUCKET);
	make_fit(&fit, heaviest, 2, 2, true);
	CHECK(fit.status == PATTERN_OK);
	heaviest[1].weight = 0.55e100;
	make_fit(&fit, heaviest, 2, 2, true);
	CHECK(fit.status == PATTERN_OUT_OF_RANGE);
	make_fit(&fit, narrow, 2, 2, true);
	CHECK(fit.status == PATTERN_NO_VARIATION);
	narrow[0].squares *= 1.5;
	make_fit(&fit, narrow, 2, 2, true);
	CHECK(fit.status == PATTERN_OK);
	make_fit(&fit, tiny, 2, 2, true);
	CHECK(fit.status == PATTERN_NO_VARIATION);
	tiny[0].squares *= 1.5;
	make_fit(&fit, tiny, 2, 2, true);
	CHECK(fit.status == PATTERN_OK);
}

/* The work area is as large as promised, and no larger than its parts. */
TEST(work_area)
{
	static PatternCell cells[100];
	PatternFit	fit;
	size_t		size;
	int			i;

	/*
	 * 64 buckets in four segments are 256 columns, 65 are 65: columns^2 of the
	 * gram, 3 columns, 2 buckets, 5 per cell
	 */
	CHECK(pattern_fit_doubles(7, 64) == 256 * 256 + 3 * 256 + 2 * 64 + 5 * 7);
	CHECK(pattern_fit_doubles(7, 65) == 65 * 65 + 3 * 65 + 2 * 65 + 5 * 7);
	for (i = 0; i < 100; i++)
	{
		PatternCell cell = {i % 2, 7 * i, 1, 1.0, (i * 7) % 5, 0.0};

		cells[i] = cell;
	}
	size = pattern_fit_doubles(100, 2);
	for (i = 0; i < 200; i++)
		work[size + i] = 77.0;
	pattern_fit(&fit, cells, 100, 2, true, work);
	CHECK(fit.status == PATTERN_OK && fit.segments == PATTERN_SEGMENTS);
	for (i = 0; i < 200; i++)
		CHECK_EQ(work[size + i], 77.0);

	/* changes are looked for in up to 64 buckets */
	for (i = 0; i < 65; i++)
		cells[i].bucket = i % 64;
	make_fit(&fit, cells, 65, 64, true);
	CHECK(fit.segments == PATTERN_SEGMENTS);
	make_fit(&fit, cells, 65, 65, true);
	CHECK(fit.segments == 1);
}

/* 10000 rows a day: what is ruled out has probability 0, not NaN. */
TEST(beyond_doubt)
{
	PatternCell cells[16];
	PatternSet	sets[2];
	PatternFit	fit;
	PatternLimit limit;
	double		position[] = {0.0, 1.0, 2.0, 3.0};
	double		limit_work[16];
	int			i;

	/* bucket 0 is better by one in the first quarter, worse by one after */
	for (i = 0; i < 16; i++)
	{
		PatternCell cell = {i % 2, 4 * (i / 2), 10000, 1e4, 0.0, 1e4};

		cell.sum = i % 2 == 1 ? 0.0 : i < 4 ? 1e4 : -1e4;
		cells[i] = cell;
	}
	make_fit(&fit, cells, 16, 2, true);
	(void) pattern_groups(2, sets);
	pattern_posterior(&fit, sets, 2, true);
	CHECK(sets[0].probability < 1e-300);
	CHECK(isfinite(sets[0].mean) && isfinite(sets[0].variance));

	/* rises all the way: no place where it falls */
	for (i = 0; i < 4; i++)
	{
		PatternCell cell = {i, PATTERN_NO_DAY, 10000, 1e4, 1e4 * i, 1e4};

		cells[i] = cell;
	}
	make_fit(&fit, cells, 4, 4, false);
	limit = pattern_limit(&fit, position, limit_work);
	CHECK_EQ(limit.probability, 0.0);
	CHECK_EQ(limit.at, 0.0);
	CHECK_EQ(limit.slope, 0.0);
}

/* Probabilities that sum to one in another order may pass it by rounding. */
TEST(certain)
{
	PatternCell cells[24];
	PatternSet	sets[24];
	PatternFit	fit;
	double		confidence[24];
	int			highest = 0;
	int			round;
	int			i;

	for (round = 0; round < 100; round++)
	{
		for (i = 0; i < 24; i++)
		{
			PatternCell cell = {i, PATTERN_NO_DAY, 40, 40.0, 0.0, 10.0};

			cell.sum = 40.0 * (0.1 * (i * (round + 3) % 7) +
							   (i >= 6 && i < 9 ? 3.0 + 0.01 * round : 0.0));
			cells[i] = cell;
		}
		make_fit(&fit, cells, 24, 24, true);
		(void) pattern_windows(&fit, 5, sets);
		pattern_posterior(&fit, sets, 24, true);
		pattern_confidences(&fit, sets, 24, confidence, NULL);
		for (i = 0; i < 24; i++)
		{
			CHECK(confidence[i] <= 1.0);
			highest += confidence[i] == 1.0;
		}
	}
	CHECK(highest > 0);
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

/*
 * Learners of pattern_values.py, which writes out the matrix of variances, inverts
 * it with 40 digits and enumerates the hypotheses one by one.
 */
#define CELLS(cells) ((int) (sizeof(cells) / sizeof((cells)[0])))
#define EXACT 1e-10

static void
check_fit(const PatternFit *fit, const double *expected)
{
	CHECK(fit->status == PATTERN_OK);
	CHECK_CLOSE(fit->weight, expected[0], EXACT);
	CHECK_CLOSE(fit->mean, expected[1], EXACT);
	CHECK_CLOSE(fit->scale, expected[2], EXACT);
	CHECK_CLOSE(fit->day_ratio, expected[3], EXACT);
	CHECK_CLOSE(fit->week_ratio, expected[4], EXACT);
	CHECK_CLOSE(fit->squares, expected[5], EXACT);
	CHECK_CLOSE(fit->df, expected[6], EXACT);
	CHECK_CLOSE(fit->quantile, expected[7], EXACT);
}

static void
check_judged(const PatternFit *fit, PatternSet *sets, int count,
			 const double *posterior, const double *confidence, const double *level,
			 const double *effect, const double *shrunk, const double *steps)
{
	double		found_confidence[16];
	double		found_level[16];
	double		in[16];
	int			i;

	pattern_posterior(fit, sets, count, true);
	pattern_confidences(fit, sets, count, found_confidence, found_level);
	for (i = 0; i < fit->buckets; i++)
	{
		CHECK_CLOSE(found_confidence[i], confidence[i], EXACT);
		CHECK_CLOSE(found_level[i], level[i], EXACT);
	}
	for (i = 0; i < count; i++)
	{
		PatternEffect e = pattern_effect(fit, &sets[i]);
		PatternSteps s = pattern_steps(fit, &sets[i]);

		CHECK_CLOSE(sets[i].prior, posterior[6 * i], EXACT);
		CHECK_CLOSE(sets[i].probability, posterior[6 * i + 1], EXACT);
		CHECK_CLOSE(sets[i].past, posterior[6 * i + 2], EXACT);
		CHECK_CLOSE(sets[i].begun, posterior[6 * i + 3], EXACT);
		CHECK_CLOSE(sets[i].mean, posterior[6 * i + 4], EXACT);
		CHECK_CLOSE(sets[i].variance, posterior[6 * i + 5], EXACT);
		CHECK_CLOSE(e.effect, effect[7 * i], EXACT);
		CHECK_CLOSE(e.error, effect[7 * i + 1], EXACT);
		CHECK_CLOSE(e.df, effect[7 * i + 2], EXACT);
		CHECK_CLOSE(e.low, effect[7 * i + 3], EXACT);
		CHECK_CLOSE(e.high, effect[7 * i + 4], EXACT);
		CHECK_CLOSE(e.p_value, effect[7 * i + 5], EXACT);
		CHECK_CLOSE(e.inflation, effect[7 * i + 6], EXACT);
		CHECK_CLOSE(pattern_shrunk_effect(fit, &sets[i], found_level), shrunk[2 * i], EXACT);
		CHECK_CLOSE(pattern_replication(fit, sets, count, &sets[i], in), shrunk[2 * i + 1], EXACT);
		CHECK_CLOSE(s.effect, steps[3 * i], EXACT);
		CHECK_CLOSE(s.sample_size, steps[3 * i + 1], EXACT);
		CHECK_CLOSE(s.consistency, steps[3 * i + 2], EXACT);
	}
}

TEST(groups_in_full)
{
	PatternFit	fit;
	PatternSet	sets[14];

	make_fit(&fit, dated_cells, CELLS(dated_cells), 4, true);
	CHECK(fit.segments == PATTERN_SEGMENTS);
	check_fit(&fit, dated_fit);
	CHECK(pattern_groups(4, sets) == 14);
	check_judged(&fit, sets, 14, dated_posterior, dated_confidence, dated_level,
				 dated_effect, dated_shrunk, dated_steps);
}

TEST(windows_in_full)
{
	PatternFit	fit;
	PatternSet	sets[10];

	make_fit(&fit, circle_cells, CELLS(circle_cells), 10, true);
	CHECK(fit.segments == PATTERN_SEGMENTS);
	check_fit(&fit, circle_fit);
	CHECK(pattern_windows(&fit, 3, sets) == 10);
	check_judged(&fit, sets, 10, circle_posterior, circle_confidence, circle_level,
				 circle_effect, circle_shrunk, circle_steps);
}

/* Weightless cells, light buckets, a day ratio below 0.01. */
TEST(light_and_heavy)
{
	PatternFit	fit;
	PatternSet	sets[9];

	make_fit(&fit, heavy_cells, CELLS(heavy_cells), 3, false);
	CHECK(fit.day_ratio < 0.01);
	check_fit(&fit, heavy_fit);
	CHECK(pattern_groups(3, sets) == 9);
	check_judged(&fit, sets, 9, heavy_posterior, heavy_confidence, heavy_level,
				 heavy_effect, heavy_shrunk, heavy_steps);
}

/* What held once keeps its mean, however little speaks for it now. */
TEST(ended_in_full)
{
	PatternFit	fit;
	PatternSet	sets[2];

	make_fit(&fit, ended_cells, CELLS(ended_cells), 2, true);
	check_fit(&fit, ended_fit);
	CHECK(pattern_groups(2, sets) == 2);
	check_judged(&fit, sets, 2, ended_posterior, ended_confidence, ended_level,
				 ended_effect, ended_shrunk, ended_steps);
	CHECK(sets[0].probability < 0.01 * sets[0].past);
}

static void
check_limit(const PatternFit *fit, const double *position, const double *expected)
{
	double		limit_work[4 * 7 + 1];
	PatternLimit limit;

	limit_work[4 * fit->buckets] = 77.0;
	limit = pattern_limit(fit, position, limit_work);
	CHECK_CLOSE(limit.probability, expected[0], EXACT);
	CHECK_CLOSE(limit.at, expected[1], EXACT);
	CHECK_EQ(limit.low, expected[2]);
	CHECK_EQ(limit.high, expected[3]);
	CHECK_CLOSE(limit.slope, expected[4], EXACT);
	CHECK_CLOSE(limit.slope_low, expected[5], EXACT);
	CHECK_CLOSE(limit.slope_high, expected[6], EXACT);
	CHECK_CLOSE(limit.effect, expected[7], EXACT);
	/* the work area is as large as promised */
	CHECK_EQ(limit_work[4 * fit->buckets], 77.0);
}

TEST(limits_in_full)
{
	PatternFit	fit;

	make_fit(&fit, fall_cells, CELLS(fall_cells), 7, false);
	check_fit(&fit, fall_fit);
	check_limit(&fit, fall_position, fall_limit);
	make_fit(&fit, rise_cells, CELLS(rise_cells), 7, false);
	check_fit(&fit, rise_fit);
	check_limit(&fit, rise_position, rise_limit);
	make_fit(&fit, near_cells, CELLS(near_cells), 5, false);
	check_fit(&fit, near_fit);
	check_limit(&fit, near_position, near_limit);
	make_fit(&fit, turn_cells, CELLS(turn_cells), 5, false);
	check_fit(&fit, turn_fit);
	check_limit(&fit, turn_position, turn_limit);
}

int
main(void)
{
	UNIT_BEGIN(20);
	RUN(truncated_moments);
	RUN(bayes_factor);
	RUN(groups);
	RUN(status);
	RUN(edges);
	RUN(work_area);
	RUN(beyond_doubt);
	RUN(certain);
	RUN(effect_of_independent_rows);
	RUN(clusters);
	RUN(weeks);
	RUN(discount);
	RUN(changes);
	RUN(windows);
	RUN(limit);
	RUN(groups_in_full);
	RUN(windows_in_full);
	RUN(light_and_heavy);
	RUN(ended_in_full);
	RUN(limits_in_full);
	UNIT_END();
}
