/*
 * test_load_math.c
 *		The mathematics of the cognitive load family, without a server.
 *
 * Expected values are written out again from the formulas of doc/load.md, with
 * their constants as numbers, so that a change of a constant shows here.
 */
#include <stdlib.h>
#include <string.h>

#include "load_math.h"
#include "num.h"
#include "unit.h"

#define W (NUM_LN2 / 16.0)

/* a fixed stream of draws: Marsaglia's xorshift */
static uint64_t draws = UINT64_C(88172645463325252);

static double
draw(void)
{
	draws ^= draws << 13;
	draws ^= draws >> 7;
	draws ^= draws << 17;
	return (double) (draws >> 11) / 9007199254740992.0;
}

/* ---- grid ---- */

TEST(bins)
{
	int			b;

	CHECK(load_bin(0.0) == 0);
	CHECK(load_bin(0.5) == 0);
	CHECK(load_bin(1.0) == 0);
	CHECK(load_bin(2.0) == 16);
	CHECK(load_bin(4.0) == 32);
	/* log2(1000) * 16 = 159.45, log2(60000) * 16 = 253.96 */
	CHECK(load_bin(1000.0) == 159);
	CHECK(load_bin(60000.0) == 253);
	CHECK(load_bin(ldexp(1.0, 27)) == 431);
	CHECK(load_bin(nextafter(ldexp(1.0, 27), 0.0)) == 431);
	CHECK(load_bin(1.7e308) == 431);
	/* an edge belongs to the bin above it; edges computed apart, by roots */
	for (b = 1; b < LOAD_BINS; b++)
	{
		double		edge = ldexp(sqrt(sqrt(sqrt(sqrt(ldexp(1.0, b % 16))))), b / 16);

		CHECK(load_bin(edge * (1.0 + 1e-15)) == b);
		CHECK(load_bin(edge * (1.0 - 1e-15)) == b - 1);
	}
}

/* The histogram's values one by one, as its definition spreads them. */
static size_t
spread_out(const LoadHistogram *h, double *values)
{
	size_t		n = 0;
	int			i;
	int64_t		j;

	for (i = 0; i < h->nbins; i++)
		for (j = 0; j < h->bins[i].count; j++)
			values[n++] = (h->bins[i].bin + (j + 0.5) / h->bins[i].count) * W;
	return n;
}

TEST(histogram_by_hand)
{
	LoadBin		two[] = {{0, 2}};
	LoadBin		far[] = {{0, 1}, {4, 1}};
	LoadHistogram empty = {0, NULL};
	LoadHistogram one_bin = {1, two};
	LoadHistogram two_bins = {2, far};

	CHECK_EQ(load_histogram_quantile(&empty, 0.5), 0.0);
	CHECK_EQ(load_histogram_mad(&empty), 0.0);
	/* values W/4 and 3W/4: median W/2, deviations W/4 */
	CHECK_CLOSE(load_histogram_quantile(&one_bin, 0.5), W / 2, 1e-15);
	CHECK_CLOSE(load_histogram_mad(&one_bin), W / 4, 1e-15);
	/* values 0.5 W and 4.5 W: median 2.5 W, deviations 2 W, 2/3 quantile 3.1667 W */
	CHECK_CLOSE(load_histogram_quantile(&two_bins, 0.5), 2.5 * W, 1e-15);
	CHECK_CLOSE(load_histogram_mad(&two_bins), 2.0 * W, 1e-15);
	CHECK_CLOSE(load_histogram_quantile(&two_bins, 2.0 / 3.0), (0.5 + 8.0 / 3.0) * W, 1e-15);
	CHECK(load_histogram_total(&two_bins) == 2);
}

TEST(histogram_against_its_values)
{
	static LoadBin bins[LOAD_BINS];
	static double values[LOAD_BINS * 8];
	int			round;

	for (round = 0; round < 2000; round++)
	{
		LoadHistogram h = {0, bins};
		int			width = 1 + (int) (draw() * LOAD_BINS);
		int			b = (int) (draw() * (LOAD_BINS - width + 1));
		int			end = b + width;
		double		dense = draw();
		size_t		n;

		for (; b < end; b++)
			if (draw() < dense)
			{
				bins[h.nbins].bin = b;
				bins[h.nbins++].count = 1 + (int64_t) (draw() * 7);
			}
		n = spread_out(&h, values);
		if (n == 0)
			continue;
		CHECK_CLOSE(load_histogram_quantile(&h, 0.0), values[0], 1e-15);
		CHECK_CLOSE(load_histogram_quantile(&h, 1.0), values[n - 1], 1e-15);
		CHECK_CLOSE(load_histogram_quantile(&h, 0.5), num_quantile(values, n, 0.5), 1e-12);
		CHECK_CLOSE(load_histogram_quantile(&h, 2.0 / 3.0),
					num_quantile(values, n, 2.0 / 3.0), 1e-12);
		CHECK_CLOSE(load_histogram_mad(&h), num_mad(values, n), 1e-9);
	}
}

/* The promised tolerance: one bin for the median, two for the MAD. */
TEST(histogram_against_the_truth)
{
	static double logs[1001];
	static LoadBin bins[LOAD_BINS];
	int			round;

	for (round = 0; round < 500; round++)
	{
		LoadHistogram h = {0, bins};
		size_t		n = 1 + (size_t) (draw() * 1000);
		int64_t		counts[LOAD_BINS] = {0};
		double		centre = 2.0 + 10.0 * draw();
		double		spread = 2.0 * draw() * draw();
		double		median;
		size_t		i;

		for (i = 0; i < n; i++)
		{
			logs[i] = centre + spread * (draw() + draw() + draw() - 1.5);
			counts[load_bin(exp(logs[i]))]++;
		}
		for (i = 0; i < LOAD_BINS; i++)
			if (counts[i] > 0)
			{
				bins[h.nbins].bin = (int) i;
				bins[h.nbins++].count = counts[i];
			}
		median = num_median(logs, n);
		CHECK(fabs(load_histogram_quantile(&h, 0.5) - median) <= W * (1 + 1e-9));
		CHECK(fabs(load_histogram_mad(&h) - num_mad(logs, n)) <= 2.0 * W * (1 + 1e-9));
	}
}

/* ---- norms ---- */

TEST(norms_of_nobody)
{
	LoadHistory none;
	LoadNorms	norms;

	memset(&none, 0, sizeof(none));
	norms = load_norms(&none);
	CHECK_CLOSE(norms.log_latency, log(6000.0), 1e-15);
	CHECK_CLOSE(norms.log_latency_var, 0.64, 1e-15);
	CHECK_CLOSE(norms.slowdown, log(1.4), 1e-15);
	CHECK_CLOSE(norms.spread, 0.5, 1e-15);
	CHECK_CLOSE(norms.error_rate, 0.3, 1e-15);
	/* Beta(3, 7), and a session's own SD of 0.15 */
	CHECK_CLOSE(norms.error_rate_var, 0.3 * 0.7 / 11.0 + 0.0225, 1e-14);
	CHECK_CLOSE(norms.minutes, 45.0, 1e-14);
	CHECK_CLOSE(norms.pause_share, 0.05, 1e-14);
	CHECK_CLOSE(norms.pause_share_var, 0.2 / 60.0, 1e-14);
}

/*
 * 4 sessions, 30 right answers of which 20 have a latency in bin 192 (4096 ms
 * on), 10 wrong ones in bin 200, 5 of unknown outcome in bin 196; lengths two
 * in bin 320, two in bin 336; 6 minutes of pauses over 114 of work.
 */
TEST(norms_by_hand)
{
	LoadBin		right[] = {{192, 20}};
	LoadBin		wrong[] = {{200, 10}};
	LoadBin		unknown[] = {{196, 5}};
	LoadBin		length[] = {{320, 2}, {336, 2}};
	LoadHistory h;
	LoadNorms	norms;
	double		p = 13.0 / 50.0;
	double		spread2;
	double		theta;
	double		location;
	double		variance;
	double		quantile;

	memset(&h, 0, sizeof(h));
	h.sessions = 4;
	h.right = 30;
	h.wrong = 10;
	h.pause_ms = 6 * 60000;
	h.paused_session_ms = 114 * 60000;
	h.latency[LOAD_RIGHT].nbins = h.latency[LOAD_WRONG].nbins = h.latency[LOAD_UNKNOWN].nbins = 1;
	h.latency[LOAD_RIGHT].bins = right;
	h.latency[LOAD_WRONG].bins = wrong;
	h.latency[LOAD_UNKNOWN].bins = unknown;
	h.length.nbins = 2;
	h.length.bins = length;
	norms = load_norms(&h);

	CHECK_CLOSE(norms.error_rate, p, 1e-14);
	CHECK_CLOSE(norms.error_rate_var, p * (1 - p) / 51.0 + 0.0225 / 5.0, 1e-14);
	/* values (j + 0.5) / n of a bin: MAD 5/20, 2.5/10 (of 10: 0.05 .. 0.45
	 * twice, middle two 0.25), and of 5: 0, 0.2, 0.2, 0.4, 0.4: 0.2 */
	spread2 = (20 * 0.25 + (19 * 0.25 * 0.25 + 9 * 0.25 * 0.25 + 4 * 0.2 * 0.2) *
			   W * W * NUM_MAD_TO_SD * NUM_MAD_TO_SD) / (20 + 19 + 9 + 4);
	CHECK_CLOSE(norms.spread, sqrt(spread2), 1e-12);
	/* medians 192.5, 200.5, 196.5 W; 20 * 10 / 30 pairs against 10 */
	theta = (200.0 / 30.0 * 8.0 * W + 10.0 * log(1.4)) / (200.0 / 30.0 + 10.0);
	CHECK_CLOSE(norms.slowdown, theta, 1e-12);
	location = (20 * 192.5 * W + 10 * (200.5 * W - theta) + 5 * (196.5 * W - p * theta)) / 35.0;
	variance = NUM_PI / 2.0 * spread2 / 35.0 + 0.0225 / 4.0;
	CHECK_CLOSE(norms.log_latency_var, 1.0 / (1.0 / 0.64 + 1.0 / variance), 1e-12);
	CHECK_CLOSE(norms.log_latency,
				(log(6000.0) / 0.64 + location / variance) / (1.0 / 0.64 + 1.0 / variance), 1e-12);
	/* lengths 320.25, 320.75, 336.25, 336.75 W: place 2, the third; 5 of 45 minutes */
	quantile = 336.25 * W;
	CHECK_CLOSE(norms.minutes,
				exp((5.0 * log(45.0 * 60000.0) + 4.0 * quantile) / 9.0) / 60000.0, 1e-12);
	/* 3 + 6 minutes of pauses, 57 + 114 of work */
	CHECK_CLOSE(norms.pause_share, 9.0 / 180.0, 1e-12);
	CHECK_CLOSE(norms.pause_share_var, 0.2 / 180.0, 1e-12);
}

/* ---- sessions ---- */

#define SECOND INT64_C(1000000)
#define MINUTE (60 * SECOND)

static LoadNorms
nobody(void)
{
	LoadHistory none;

	memset(&none, 0, sizeof(none));
	return load_norms(&none);
}

/* A learner of whom much is known. */
static LoadNorms
known_learner(void)
{
	LoadNorms	n = {8.5, 0.0005, 0.35, 0.45, 0.2, 0.0005, 40.0, 0.04, 0.0002};

	return n;
}

static int
session(LoadAnswer *answers, int count, double minutes, double latency_ms, int wrong_every)
{
	int			i;

	for (i = 0; i < count; i++)
	{
		answers[i].at = count > 1 ? (int64_t) (minutes * MINUTE * i / (count - 1)) : 0;
		answers[i].latency_ms = latency_ms;
		answers[i].pause_ms = LOAD_MISSING;
		answers[i].outcome = wrong_every > 0 && i % wrong_every == 0 ? LOAD_WRONG : LOAD_RIGHT;
	}
	return count;
}

static double
sum_of(const LoadScore *s)
{
	double		sum = LOAD_CENTRE;
	int			i;

	for (i = 0; i < LOAD_FACTORS; i++)
		sum += s->factors[i].contribution;
	return sum;
}

TEST(length)
{
	LoadAnswer	a[3] = {
		{0, LOAD_MISSING, LOAD_MISSING, LOAD_RIGHT},
		{4 * MINUTE, LOAD_MISSING, LOAD_MISSING, LOAD_RIGHT},
		{4 * MINUTE + 90 * SECOND, 30000.0, LOAD_MISSING, LOAD_RIGHT}
	};

	CHECK_EQ(load_minutes(a, 0), 0.0);
	CHECK_EQ(load_minutes(a, 1), 0.0);
	CHECK_CLOSE(load_minutes(a, 2), 4.0, 1e-15);
	CHECK_CLOSE(load_minutes(a, 3), 6.0, 1e-15);
	/* no interval and no latency counts more than ten minutes */
	a[2].at = INT64_C(500) * MINUTE;
	a[2].latency_ms = 1e300;
	CHECK_CLOSE(load_minutes(a, 3), 24.0, 1e-15);
	/* the widest interval that the type can hold */
	a[0].at = INT64_C(-211813488000000000);
	a[1].at = INT64_C(9223371331199999999);
	CHECK_CLOSE(load_minutes(a, 2), 10.0, 1e-15);
	CHECK(load_pause_ms(0.4) == 0);
	CHECK(load_pause_ms(0.5) == 1);
	CHECK(load_pause_ms(1e300) == 86400000);
}

/* One right answer after 12 s, of nobody known: every number by hand. */
/* A session of no length whose pauses are known: no share of nothing. */
TEST(no_time)
{
	LoadAnswer	a[1];
	LoadNorms	norms = nobody();
	LoadScore	s;

	session(a, 1, 0.0, 12000.0, 0);
	a[0].pause_ms = 0.0;
	s = load_score(a, 1, 0.0, &norms);
	CHECK(s.factors[LOAD_ENGAGEMENT_DROP].measured);
	CHECK_EQ(s.factors[LOAD_ENGAGEMENT_DROP].raw, 0.0);
	CHECK_EQ(s.factors[LOAD_ENGAGEMENT_DROP].contribution, 0.0);
}

/* Times far below a millisecond or a minute are times. */
TEST(short_times)
{
	LoadAnswer	a[1];
	LoadNorms	norms = nobody();
	LoadScore	s;

	session(a, 1, 0.0, 0.005, 0);
	CHECK_CLOSE(load_minutes(a, 1), 0.005 / 60000.0, 1e-14);
	/* where a millisecond is usual, any time below it counts as one */
	norms.log_latency = 0.0;
	s = load_score(a, 1, 1.0, &norms);
	CHECK_EQ(s.factors[LOAD_RESPONSE_LATENCY].deviation, 0.0);
	/* a noise of 0.2 / 0.005: little is known of the pauses, but something */
	a[0].pause_ms = 0.0;
	s = load_score(a, 1, 0.005, &norms);
	CHECK(s.factors[LOAD_ENGAGEMENT_DROP].reliability > 0.0);
}

/* Two answers are the fewest that have a spread: W/4 and 3W/4, MAD W/4. */
TEST(spread_of_two)
{
	LoadBin		two[] = {{192, 2}};
	LoadHistory h;
	double		sd = NUM_MAD_TO_SD * W / 4.0;

	memset(&h, 0, sizeof(h));
	h.sessions = 1;
	h.right = 2;
	h.latency[LOAD_RIGHT].nbins = 1;
	h.latency[LOAD_RIGHT].bins = two;
	CHECK_CLOSE(load_norms(&h).spread, sqrt((20.0 * 0.25 + sd * sd) / 21.0), 1e-12);
}

TEST(one_answer)
{
	LoadAnswer	a[1];
	LoadNorms	norms = nobody();
	LoadScore	s;
	double		c = log(35.0 / 65.0);
	double		d[3];
	double		k[3];
	double		e[3];
	double		t;
	double		sd[5] = {10.0 / log(1.3) * 0.15 / 22.75, 40.0 * 0.15 / 22.75,
		40.0 * 0.10 / 22.75, 15.0 * 0.15 / 22.75, 0.8 * 15.0 / 22.75};
	double		variance;
	double		shares;
	int			i;

	session(a, 1, 0.0, 12000.0, 0);
	s = load_score(a, 1, -1.0, &norms);
	/* latency: ln 2 above the norm, variance 0.25 / 1 + 0.64 */
	d[0] = log(2.0);
	k[0] = 0.0225 / (0.0225 + 0.25 + 0.64);
	/* errors: 0 against 0.3 */
	d[1] = -0.3;
	k[1] = 0.0225 / (0.0225 + 0.21 + 0.21 / 11.0 + 0.0225);
	/* length: 0.2 minutes against 45 */
	d[2] = 5.0 * log1p(exp((0.2 - 45.0) / 5.0));
	k[2] = 1.0 / 3.0;
	e[0] = 2.0 * tanh(10.0 / log(1.3) / 22.75 * k[0] * d[0] / 2.0);
	e[1] = 2.0 * tanh(40.0 / 22.75 * k[1] * d[1] / 2.0);
	e[2] = 2.0 * tanh(0.8 / 22.75 * k[2] * d[2] / 2.0);
	t = e[0] + e[1] + e[2];
	CHECK_CLOSE(s.value, 100.0 / (1.0 + exp(-c - t)), 1e-12);
	CHECK_CLOSE(s.factors[LOAD_RESPONSE_LATENCY].contribution, (s.value - 35.0) * e[0] / t, 1e-12);
	CHECK_CLOSE(s.factors[LOAD_ERROR_RATE].contribution, (s.value - 35.0) * e[1] / t, 1e-12);
	CHECK_CLOSE(s.factors[LOAD_DURATION_STRESS].contribution, (s.value - 35.0) * e[2] / t, 1e-9);
	CHECK_CLOSE(s.factors[LOAD_RESPONSE_LATENCY].raw, 2.0, 1e-12);
	CHECK_CLOSE(s.factors[LOAD_RESPONSE_LATENCY].points, 22.75 * e[0], 1e-12);
	CHECK_EQ(s.factors[LOAD_ERROR_RATE].raw, 0.0);
	CHECK_CLOSE(s.factors[LOAD_DURATION_STRESS].raw, 0.2, 1e-12);
	/* no pauses reported, and a decline needs two answers */
	CHECK(!s.factors[LOAD_ENGAGEMENT_DROP].measured);
	CHECK(!s.factors[LOAD_PERFORMANCE_DECLINE].measured);
	variance = 0.35 * 0.35;
	shares = 0.0;
	for (i = 0; i < 5; i++)
	{
		variance += sd[i] * sd[i] * (1.0 - (i < 2 ? k[i] : i == 4 ? k[2] : 0.0));
		shares += sd[i] * sd[i];
	}
	CHECK_CLOSE(s.low, 100.0 / (1.0 + exp(-c - t + 1.959963984540054 * sqrt(variance))), 1e-12);
	CHECK_CLOSE(s.high, 100.0 / (1.0 + exp(-c - t - 1.959963984540054 * sqrt(variance))), 1e-12);
	CHECK_CLOSE(s.confidence,
				(sd[0] * sd[0] * k[0] + sd[1] * sd[1] * k[1] + sd[4] * sd[4] * k[2]) /
				shares, 1e-12);
	/* one answer decides nothing */
	CHECK(s.value > 30.0 && s.value < 40.0 && s.low < 18.0 && s.high > 60.0);
	CHECK(s.confidence < 0.35);
}

/* However far off, an answer counts 2.5 SD. */
TEST(outliers)
{
	LoadAnswer	a[1];
	LoadNorms	norms = known_learner();

	session(a, 1, 0.0, 0.0, 0);
	CHECK_CLOSE(load_score(a, 1, 1.0, &norms).factors[0].deviation, -2.5 * 0.45, 1e-12);
	session(a, 1, 0.0, 1e300, 0);
	CHECK_CLOSE(load_score(a, 1, 1.0, &norms).factors[0].deviation, 2.5 * 0.45, 1e-12);
	/* a wrong answer is expected to be slower */
	session(a, 1, 0.0, 6000.0, 1);
	CHECK_CLOSE(load_score(a, 1, 1.0, &norms).factors[0].deviation,
				log(6000.0) - 8.5 - 0.35, 1e-12);
}

/* Four answers with every outcome, a pause, and a decline, by hand. */
TEST(mixed_session)
{
	LoadNorms	n = known_learner();
	LoadAnswer	a[5] = {
		{0, 5000.0, LOAD_MISSING, LOAD_RIGHT},
		{2 * MINUTE, 9000.0, 60000.0, LOAD_UNKNOWN},
		{4 * MINUTE, 1e9, 120000.0, LOAD_WRONG},
		{4 * MINUTE, LOAD_MISSING, LOAD_MISSING, LOAD_RIGHT},
		{9 * MINUTE, 0.0, LOAD_MISSING, LOAD_WRONG}
	};
	LoadScore	s = load_score(a, 5, 12.0, &n);
	double		z[4];
	double		d;
	double		k;
	double		p;
	double		sxx;
	double		share;

	/* latency: two beyond +-2.5 SD, the unknown outcome with a fifth of the slowdown */
	z[0] = (log(5000.0) - 8.5) / 0.45;
	z[1] = (log(9000.0) - 8.5 - 0.2 * 0.35) / 0.45;
	z[2] = 2.5;
	z[3] = -2.5;
	d = 0.45 * (z[0] + z[1] + z[2] + z[3]) / 4.0;
	CHECK_CLOSE(s.factors[0].deviation, d, 1e-12);
	CHECK_CLOSE(s.factors[0].reliability, 0.0225 / (0.0225 + 0.45 * 0.45 / 4.0 + 0.0005), 1e-12);
	/* errors: 2 of 4 against 0.2 */
	CHECK_CLOSE(s.factors[1].deviation, 0.3, 1e-12);
	CHECK_CLOSE(s.factors[1].reliability, 0.0225 / (0.0225 + 0.16 / 4.0 + 0.0005), 1e-12);
	/* pauses: 3 minutes beside 12 */
	share = 3.0 / 15.0;
	k = 0.01 / (0.01 + 0.2 / 12.0 + 0.0002);
	CHECK_CLOSE(s.factors[2].raw, share, 1e-12);
	CHECK_CLOSE(s.factors[2].deviation, share - 0.04, 1e-12);
	CHECK_CLOSE(s.factors[2].reliability, k, 1e-12);
	/* decline: known outcomes have ranks 0, 1.5, 1.5, 3 about 1.5, over 4 */
	sxx = (1.5 * 1.5 + 0 + 0 + 1.5 * 1.5) / 16.0;
	CHECK_CLOSE(s.factors[3].deviation, (0.0 * 1 + 1.5 / 4.0 * 1) / sxx, 1e-12);
	p = (2.0 + 10.0 * 0.2) / 14.0;
	CHECK_CLOSE(s.factors[3].reliability, 0.0225 / (0.0225 + p * (1.0 - p) / sxx), 1e-12);
	/* length: given */
	CHECK_CLOSE(s.factors[4].deviation, 5.0 * log1p(exp((12.0 - 40.0) / 5.0)), 1e-12);
	CHECK_CLOSE(s.factors[4].reliability, 5.0 / 7.0, 1e-12);
	CHECK_CLOSE(sum_of(&s), s.value, 1e-15);
}

TEST(sums_and_bounds)
{
	static LoadAnswer a[200];
	int			round;

	for (round = 0; round < 5000; round++)
	{
		LoadNorms	norms = round % 2 ? nobody() : known_learner();
		int			n = 1 + (int) (draw() * 200);
		LoadScore	s;
		double		low_score = 100.0 / (1.0 + exp(10.0 - log(35.0 / 65.0)));
		double		high_score = 100.0 / (1.0 + exp(-10.0 - log(35.0 / 65.0)));
		int			i;

		for (i = 0; i < n; i++)
		{
			a[i].at = (i > 0 ? a[i - 1].at : 0) +
				(int64_t) (draw() * draw() * draw() * 90.0 * MINUTE);
			a[i].latency_ms = draw() < 0.1 ? LOAD_MISSING : exp(30.0 * draw() - 5.0);
			a[i].pause_ms = draw() < 0.5 ? LOAD_MISSING : exp(40.0 * draw() - 5.0);
			a[i].outcome = a[i].latency_ms < 0 ? LOAD_WRONG : (LoadOutcome) (3 * draw());
		}
		s = load_score(a, n, round % 3 ? -1.0 : 1440.0 * draw(), &norms);
		CHECK(fabs(sum_of(&s) - s.value) < 1e-9);
		CHECK(s.value > low_score && s.value < high_score);
		CHECK(s.low < s.value && s.value < s.high && s.low > 0.0 && s.high < 100.0);
		CHECK(s.confidence >= 0.0 && s.confidence < 1.0);
		for (i = 0; i < LOAD_FACTORS; i++)
		{
			CHECK(fabs(s.factors[i].contribution -
					   s.factors[i].deviation * s.factors[i].weight) < 1e-9);
			CHECK(s.factors[i].weight >= 0.0);
			CHECK(s.factors[i].reliability >= 0.0 && s.factors[i].reliability < 1.0);
		}
	}
}

/* Slower, more wrong, longer, more pauses, later errors: never less load. */
TEST(monotone)
{
	static LoadAnswer a[40];
	LoadNorms	norms = known_learner();
	double		before = 0.0;
	double		now;
	int			i;
	int			j;

	for (i = 0; i < 400; i++)
	{
		session(a, 40, 30.0, exp(5.0 + i * 0.02), 5);
		now = load_score(a, 40, 30.0, &norms).value;
		CHECK(now >= before - 1e-12);
		before = now;
	}
	before = 0.0;
	for (i = 0; i <= 40; i++)
	{
		session(a, 40, 30.0, 5000.0, 0);
		for (j = 0; j < i; j++)
			a[(j * 7) % 40].outcome = LOAD_WRONG;
		/* a wrong answer is expected to be slower: keep the latency's own part still */
		for (j = 0; j < 40; j++)
			a[j].latency_ms = LOAD_MISSING;
		now = load_score(a, 40, 30.0, &norms).factors[LOAD_ERROR_RATE].points;
		CHECK(i == 0 || now > before);
		before = now;
	}
	before = 0.0;
	for (i = 0; i <= 1440; i++)
	{
		session(a, 40, 30.0, 5000.0, 5);
		now = load_score(a, 40, i, &norms).value;
		CHECK(now >= before - 1e-12);
		/* and no cliff: a minute never counts more than a point and a half */
		CHECK(i == 0 || now - before < 1.5);
		before = now;
	}
	before = 0.0;
	for (i = 0; i <= 100; i++)
	{
		session(a, 40, 30.0, 5000.0, 5);
		a[3].pause_ms = i * 30000.0;
		now = load_score(a, 40, 30.0, &norms).value;
		CHECK(now > before);
		before = now;
	}
	before = 0.0;
	for (i = 0; i < 40; i++)
	{
		session(a, 40, 30.0, 5000.0, 0);
		a[i].outcome = LOAD_WRONG;
		now = load_score(a, 40, 30.0, &norms).factors[LOAD_PERFORMANCE_DECLINE].points;
		CHECK(i == 0 || now > before);
		before = now;
	}
}

/* However extreme, no factor alone makes a session critical. */
TEST(no_factor_alone)
{
	static LoadAnswer a[40];
	LoadNorms	norms = known_learner();
	LoadScore	s;

	session(a, 40, 30.0, 1e9, 5);
	s = load_score(a, 40, 30.0, &norms);
	CHECK(s.factors[LOAD_RESPONSE_LATENCY].severity == LOAD_SEVERITY_HIGH);
	CHECK(s.value < 80.0);
	session(a, 40, 30.0, exp(8.5), 5);
	s = load_score(a, 40, 1440.0, &norms);
	CHECK(s.factors[LOAD_DURATION_STRESS].severity == LOAD_SEVERITY_HIGH);
	CHECK(s.value > 75.0 && s.value < 80.0);
	CHECK(!s.overload);
}

TEST(severity_and_overload)
{
	static LoadAnswer a[1000];
	LoadNorms	norms = known_learner();
	LoadScore	s;
	double		minutes;
	LoadSeverity seen = LOAD_NO_INDICATOR;
	int			i;

	session(a, 1000, 30.0, exp(8.5), 5);
	for (minutes = 0.0; minutes < 200.0; minutes += 0.01)
	{
		const LoadFactor *f;

		s = load_score(a, 1000, minutes, &norms);
		f = &s.factors[LOAD_DURATION_STRESS];
		CHECK(f->severity == (f->points >= 12.0 ? LOAD_SEVERITY_HIGH :
							  f->points >= 8.0 ? LOAD_SEVERITY_MEDIUM :
							  f->points >= 4.0 ? LOAD_SEVERITY_LOW : LOAD_NO_INDICATOR));
		CHECK(f->severity >= seen);
		seen = f->severity;
	}
	CHECK(seen == LOAD_SEVERITY_HIGH);
	/* two HIGH ones are an overload below 80 */
	session(a, 1000, 30.0, exp(9.0), 5);
	s = load_score(a, 1000, 62.0, &norms);
	CHECK(s.factors[LOAD_RESPONSE_LATENCY].severity == LOAD_SEVERITY_HIGH);
	CHECK(s.factors[LOAD_DURATION_STRESS].severity == LOAD_SEVERITY_HIGH);
	CHECK(s.value < 80.0 && s.overload);
	/* one HIGH and one MEDIUM are not */
	s = load_score(a, 1000, 50.0, &norms);
	CHECK(s.factors[LOAD_DURATION_STRESS].severity == LOAD_SEVERITY_MEDIUM);
	CHECK(s.value < 80.0 && !s.overload);
	/* and 80 is one, with no HIGH one at all */
	for (i = 0; i < 1000; i++)
	{
		a[i].outcome = i % 100 < (i < 500 ? 25 : 75) ? LOAD_WRONG : LOAD_RIGHT;
		a[i].latency_ms = exp(8.5 + 0.3 + (a[i].outcome == LOAD_WRONG ? 0.35 : 0.0));
		a[i].pause_ms = 2600.0;
	}
	s = load_score(a, 1000, 53.5, &norms);
	for (i = 0; i < LOAD_FACTORS; i++)
		CHECK(s.factors[i].severity < LOAD_SEVERITY_HIGH);
	CHECK(s.value >= 80.0 && s.value < 85.0 && s.overload);
	for (i = 0; i < 1000; i++)
		a[i].pause_ms = LOAD_MISSING;
	s = load_score(a, 1000, 40.0, &norms);
	CHECK(s.value > 65.0 && s.value < 80.0 && !s.overload);
	/* and with all that can be */
	session(a, 1000, 30.0, 1e9, 1);
	s = load_score(a, 1000, 1440.0, &norms);
	CHECK(s.value >= 80.0 && s.overload);
}

TEST(levels)
{
	CHECK(load_level(0.0) == 0);
	CHECK(load_level(nextafter(40.0, 0.0)) == 0);
	CHECK(load_level(40.0) == 1);
	CHECK(load_level(nextafter(60.0, 0.0)) == 1);
	CHECK(load_level(60.0) == 2);
	CHECK(load_level(nextafter(80.0, 0.0)) == 2);
	CHECK(load_level(80.0) == 3);
	CHECK(load_level(100.0) == 3);
}

TEST(order)
{
	LoadAnswer	a = {5, 10.0, LOAD_MISSING, LOAD_WRONG};
	LoadAnswer	b = a;

	CHECK(load_answer_compare(&a, &b) == 0);
	b.pause_ms = 0.0;
	CHECK(load_answer_compare(&a, &b) < 0 && load_answer_compare(&b, &a) > 0);
	b.outcome = LOAD_UNKNOWN;
	CHECK(load_answer_compare(&a, &b) > 0 && load_answer_compare(&b, &a) < 0);
	b.latency_ms = 11.0;
	CHECK(load_answer_compare(&a, &b) < 0 && load_answer_compare(&b, &a) > 0);
	b.at = 4;
	CHECK(load_answer_compare(&a, &b) > 0 && load_answer_compare(&b, &a) < 0);
}

int
main(void)
{
	UNIT_BEGIN(19);
	RUN(bins);
	RUN(histogram_by_hand);
	RUN(histogram_against_its_values);
	RUN(histogram_against_the_truth);
	RUN(norms_of_nobody);
	RUN(norms_by_hand);
	RUN(length);
	RUN(no_time);
	RUN(short_times);
	RUN(spread_of_two);
	RUN(one_answer);
	RUN(outliers);
	RUN(mixed_session);
	RUN(sums_and_bounds);
	RUN(monotone);
	RUN(no_factor_alone);
	RUN(severity_and_overload);
	RUN(levels);
	RUN(order);
	UNIT_END();
}
