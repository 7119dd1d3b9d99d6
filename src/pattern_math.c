/*
 * pattern_math.c
 *		The mathematics of the pattern family, over plain numbers.
 */
#include "pattern_math.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "num.h"
#include "special.h"

/*
 * Variance of days and of weeks over that of single rows, and the scale at
 * which their prior 1 / (PATTERN_RATIO_SCALE + ratio) bends.
 */
static const double day_ratios[] = {0.0, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 10.0, 30.0, 100.0};
static const double week_ratios[] = {0.0, 0.03, 0.08, 0.2, 0.5, 1.2, 3.2, 10.0, 30.0, 100.0};

#define DAY_RATIOS ((int) (sizeof(day_ratios) / sizeof(day_ratios[0])))
#define WEEK_RATIOS ((int) (sizeof(week_ratios) / sizeof(week_ratios[0])))
#define PATTERN_RATIO_SCALE 0.1

/* Below this, relative to the squared mean, scores differ by rounding only. */
#define NO_VARIATION 1e-26

/* Below this z the moments are taken from their asymptotic series. */
#define ASYMPTOTIC_Z (-12.0)

/*
 * Truncated moments
 */

/* k! (1 - (k+1)(k+2)/(2 z^2) + (k+1)(k+2)(k+3)(k+4)/(8 z^4)) / |z|^(k+1) */
static double
AsymptoticMoment(int k, double z)
{
	double		y = 1.0 / (z * z);
	double		factorial = k == 2 ? 2.0 : k == 3 ? 6.0 : 24.0;
	double		first = (k + 1.0) * (k + 2.0);
	double		second = first * (k + 3.0) * (k + 4.0);

	return factorial * (1.0 - first * y / 2.0 + second * y * y / 8.0) /
		pow(-z, k + 1.0);
}

/*
 * By parts: M(k) = z M(k-1) + (k-1) M(k-2), M(0) = Phi(z), M(1) = z Phi + phi.
 * Far below zero without the factor phi(z), whose logarithm goes to *log_factor.
 */
static void
TruncatedMoments(double z, double *second, double *third, double *fourth,
				 double *log_factor)
{
	if (z >= ASYMPTOTIC_Z)
	{
		double		cdf = special_normal_cdf(z);
		double		pdf = special_normal_pdf(z);
		double		square = z * z;

		*second = (square + 1.0) * cdf + z * pdf;
		*third = (square + 3.0) * z * cdf + (square + 2.0) * pdf;
		*fourth = ((square + 6.0) * square + 3.0) * cdf + (square + 5.0) * z * pdf;
		*log_factor = 0.0;
	}
	else
	{
		*second = AsymptoticMoment(2, z);
		*third = AsymptoticMoment(3, z);
		*fourth = AsymptoticMoment(4, z);
		*log_factor = -z * z / 2.0 - NUM_LN_SQRT_2PI;
	}
}

double
pattern_truncated_moment(int k, double z)
{
	double		moments[3];
	double		log_factor;

	TruncatedMoments(z, &moments[0], &moments[1], &moments[2], &log_factor);
	return moments[k - 2] * exp(log_factor);
}

/*
 * With S = y'Py - score^2 / (information + 1/tau^2) and nu = n - 1, the factor
 * of a delta that is normal around zero is
 *
 *		(1 + tau^2 information)^(-1/2) (S / y'Py)^(-nu/2),
 *
 * and the moment density multiplies it by 2 E[(delta/sigma)^2; delta > 0] / tau^2
 * under that normal's posterior, 1 / sigma^2 there at its mean nu / S.
 */
double
pattern_log_bayes_factor(double information, double score, double squares,
						 double weight, double *mean, double *variance)
{
	double		nu = weight - 1.0;
	double		precision = 1.0 / (PATTERN_TAU * PATTERN_TAU);
	double		spread = 1.0 / (information + precision);
	double		residual = squares - score * score * spread;
	double		sd;
	double		second;
	double		third;
	double		fourth;
	double		log_factor;

	/* the prior's precision keeps it positive but for rounding */
	residual = fmax(residual, squares * DBL_EPSILON);
	sd = sqrt(residual / nu * spread);
	TruncatedMoments(score * spread / sd, &second, &third, &fourth, &log_factor);
	if (mean != NULL)
		*mean = sd * third / second;
	if (variance != NULL)
		*variance = sd * sd * fmax(fourth / second - third / second * third / second, 0.0);
	return -0.5 * log(1.0 + information / precision)
		- 0.5 * nu * log(residual / squares)
		+ log(2.0 * precision * spread * second) + log_factor;
}

/*
 * Fit
 */

static int
WeekOf(int32_t day)
{
	int64_t		d = day;

	return (int) (d >= 0 ? d / PATTERN_WEEK_DAYS
				  : -((-d + PATTERN_WEEK_DAYS - 1) / PATTERN_WEEK_DAYS));
}

size_t
pattern_fit_doubles(int cells, int buckets)
{
	size_t		columns = buckets;

	if (buckets <= PATTERN_PAIR_MAX_BUCKETS)
		columns *= PATTERN_SEGMENTS;
	/* gram; score, week sums and their list; buckets: weight, sum; days: weight,
	 * sum, week; weeks: weight, sum */
	return columns * columns + 3 * columns + 2 * (size_t) buckets +
		5 * (size_t) cells;
}

/* Rows of one day together. */
typedef struct Days
{
	int			count;
	double	   *weight;
	double	   *sum;
	double	   *week;			/* number of the week, ascending */
	double		loose_weight;	/* rows without a day */
	double		loose_sum;
	double		squares;		/* y'y */
} Days;

static void
CollectDays(const PatternFit *fit, const PatternCell *cells, int count, Days *days)
{
	int			i;

	days->count = 0;
	days->loose_weight = days->loose_sum = 0.0;
	days->squares = fit->weight;	/* standardised */
	for (i = 0; i < count; i++)
	{
		const PatternCell *cell = &cells[i];
		double		sum = (cell->sum - cell->weight * fit->mean) / fit->scale;

		if (cell->day == PATTERN_NO_DAY)
		{
			days->loose_weight += cell->weight;
			days->loose_sum += sum;
			continue;
		}
		if (i == 0 || cells[i - 1].day != cell->day)
		{
			days->weight[days->count] = 0.0;
			days->sum[days->count] = 0.0;
			days->week[days->count] = WeekOf(cell->day);
			days->count++;
		}
		days->weight[days->count - 1] += cell->weight;
		days->sum[days->count - 1] += sum;
	}
}

/* A sum of logarithms as few logarithms of products. */
typedef struct LogSum
{
	double		sum;
	double		product;
} LogSum;

#define LOG_SUM_FLUSH 1e100

static inline void
LogSumAdd(LogSum *s, double x)
{
	if (x > LOG_SUM_FLUSH)
		s->sum += log(x);
	else if ((s->product *= x) > LOG_SUM_FLUSH)
	{
		s->sum += log(s->product);
		s->product = 1.0;
	}
}

/*
 * Posterior means of the two variance ratios under the restricted likelihood of
 * the model without habits,
 *
 *	-1/2 (log |V| + log 1'V^-1 1 + (n - 1) log y'Py),
 *
 * averaged over the grid.  With a = 1 / (1 + day_ratio n_d) per day and
 * g = week_ratio / (1 + week_ratio sum a n_d) per week, V^-1 is the identity
 * less day_ratio a for rows of one day less g a a' for rows of one week.
 */
static void
ChooseRatios(PatternFit *fit, const Days *days, double *week_weight, double *week_sum)
{
	double		value[DAY_RATIOS][WEEK_RATIOS];
	double		best = -INFINITY;
	double		total = 0.0;
	int			i,
				j,
				d,
				w;

	for (i = 0; i < DAY_RATIOS; i++)
	{
		double		rd = day_ratios[i];
		LogSum		day_log = {0.0, 1.0};
		double		day_squares = days->squares;
		int			weeks = 0;

		for (d = 0; d < days->count; d++)
		{
			double		v = 1.0 + rd * days->weight[d];
			double		a = 1.0 / v;

			if (d == 0 || days->week[d] != days->week[d - 1])
			{
				week_weight[weeks] = week_sum[weeks] = 0.0;
				weeks++;
			}
			week_weight[weeks - 1] += a * days->weight[d];
			week_sum[weeks - 1] += a * days->sum[d];
			day_squares -= rd * a * days->sum[d] * days->sum[d];
			LogSumAdd(&day_log, v);
		}
		for (j = 0; j < WEEK_RATIOS; j++)
		{
			double		rw = week_ratios[j];
			LogSum		log_v = day_log;
			double		ones = days->loose_weight;
			double		sum = days->loose_sum;
			double		squares = day_squares;
			double		left;

			for (w = 0; w < weeks; w++)
			{
				double		v = 1.0 + rw * week_weight[w];
				double		shrink = 1.0 / v;

				ones += week_weight[w] * shrink;
				sum += week_sum[w] * shrink;
				squares -= rw * shrink * week_sum[w] * week_sum[w];
				LogSumAdd(&log_v, v);
			}
			left = fmax(squares - sum * sum / ones, days->squares * DBL_EPSILON);
			value[i][j] = -0.5 * (log_v.sum + log(log_v.product) + log(ones) +
								  (fit->weight - 1.0) * log(left))
				- log((PATTERN_RATIO_SCALE + rd) * (PATTERN_RATIO_SCALE + rw));
			best = fmax(best, value[i][j]);
		}
	}

	fit->day_ratio = fit->week_ratio = 0.0;
	for (i = 0; i < DAY_RATIOS; i++)
		for (j = 0; j < WEEK_RATIOS; j++)
		{
			double		p = exp(value[i][j] - best);

			total += p;
			fit->day_ratio += p * day_ratios[i];
			fit->week_ratio += p * week_ratios[j];
		}
	fit->day_ratio /= total;
	fit->week_ratio /= total;
}

/* Takes g v v' from the gram, v given on the listed columns. */
static void
TakeOuter(PatternFit *fit, double g, const double *v, const double *list, int count)
{
	int			i,
				j;

	if (g == 0.0)
		return;
	for (i = 0; i < count; i++)
	{
		double	   *row = fit->gram + (size_t) list[i] * fit->columns;
		double		gi = g * v[(int) list[i]];

		for (j = 0; j < count; j++)
			row[(int) list[j]] -= gi * v[(int) list[j]];
	}
}

/* X'V^-1X and X'V^-1y, then the level projected out of both. */
static void
BuildGram(PatternFit *fit, const PatternCell *cells, int count,
		  const Days *days, double *week_sums, double *week_list)
{
	int			columns = fit->columns;
	double		first = 0.0;
	double		span = 1.0;
	double		squares = days->squares;
	double		ones = 0.0;
	double		sum = 0.0;
	int			day = -1;
	int			i,
				j;

	memset(fit->gram, 0, sizeof(double) * columns * columns);
	memset(fit->score, 0, sizeof(double) * columns);
	memset(week_sums, 0, sizeof(double) * columns);
	if (fit->segments > 1)
	{
		first = cells[0].day;
		span = (double) cells[count - 1].day - first + 1.0;
	}

	for (i = 0; i < count && cells[i].day == PATTERN_NO_DAY; i++)
	{
		int			c = cells[i].bucket;

		fit->gram[(size_t) c * columns + c] += cells[i].weight;
		fit->score[c] += (cells[i].sum - cells[i].weight * fit->mean) / fit->scale;
	}

	while (i < count)
	{
		int			week = WeekOf(cells[i].day);
		double		week_weight = 0.0;
		double		week_sum = 0.0;
		int			listed = 0;
		double		g;

		while (i < count && WeekOf(cells[i].day) == week)
		{
			int32_t		today = cells[i].day;
			int			segment = (int) (((double) today - first) * fit->segments / span);
			int			begin = i;
			double		a;
			int			k;

			if (fit->segments == 1)
				segment = 0;
			day++;
			a = 1.0 / (1.0 + fit->day_ratio * days->weight[day]);
			for (; i < count && cells[i].day == today; i++)
			{
				int			c = segment * fit->buckets + cells[i].bucket;
				double		y = (cells[i].sum - cells[i].weight * fit->mean) / fit->scale;
				double	   *row = fit->gram + (size_t) c * columns;

				row[c] += cells[i].weight;
				fit->score[c] += y - fit->day_ratio * a * cells[i].weight * days->sum[day];
				if (fit->day_ratio > 0.0)
					for (k = begin; k < count && cells[k].day == today; k++)
						row[segment * fit->buckets + cells[k].bucket] -=
							fit->day_ratio * a * cells[i].weight * cells[k].weight;
				if (week_sums[c] == 0.0 && cells[i].weight > 0.0)
					week_list[listed++] = c;
				week_sums[c] += a * cells[i].weight;
			}
			week_weight += a * days->weight[day];
			week_sum += a * days->sum[day];
			squares -= fit->day_ratio * a * days->sum[day] * days->sum[day];
		}
		g = fit->week_ratio / (1.0 + fit->week_ratio * week_weight);
		TakeOuter(fit, g, week_sums, week_list, listed);
		for (j = 0; j < listed; j++)
		{
			int			c = (int) week_list[j];

			fit->score[c] -= g * week_sums[c] * week_sum;
			week_sums[c] = 0.0;
		}
		squares -= g * week_sum * week_sum;
	}

	/* the level: week_sums now takes X'V^-1 1 */
	for (i = 0; i < columns; i++)
	{
		const double *row = fit->gram + (size_t) i * columns;

		week_sums[i] = 0.0;
		for (j = 0; j < columns; j++)
			week_sums[i] += row[j];
		ones += week_sums[i];
		sum += fit->score[i];
	}
	for (i = 0; i < columns; i++)
	{
		double	   *row = fit->gram + (size_t) i * columns;

		for (j = 0; j < columns; j++)
			row[j] -= week_sums[i] * week_sums[j] / ones;
		fit->score[i] -= week_sums[i] * sum / ones;
	}
	fit->squares = fmax(squares - sum * sum / ones, days->squares * DBL_EPSILON);
}

/*
 * The design effect of clusters of m rows with that correlation: weight, sum and
 * squares shrink alike, so that means and the variance of a row stay.
 */
void
pattern_discount(PatternCell *cells, int count)
{
	int			i;

	for (i = 0; i < count; i++)
	{
		double		effect;

		if (cells[i].day == PATTERN_NO_DAY)
			continue;
		effect = 1.0 + PATTERN_CELL_CORRELATION * fmax(cells[i].weight - 1.0, 0.0);
		cells[i].weight /= effect;
		cells[i].sum /= effect;
		cells[i].squares /= effect;
	}
}

/* Rows, buckets and scores: is there anything to compare? */
static PatternStatus
Summarise(PatternFit *fit, const PatternCell *cells, int count)
{
	NumSum		sum;
	NumSum		weight;
	NumSum		squares;
	int			filled = 0;
	int			i;

	num_sum_init(&sum);
	num_sum_init(&weight);
	num_sum_init(&squares);
	for (i = 0; i < count; i++)
	{
		fit->rows += cells[i].rows;
		if (cells[i].day == PATTERN_NO_DAY)
			fit->clusters += cells[i].rows;
		else if (i == 0 || cells[i - 1].day != cells[i].day)
			fit->clusters++;
		fit->bucket_weight[cells[i].bucket] += cells[i].weight;
		num_sum_add(&weight, cells[i].weight);
		num_sum_add(&sum, cells[i].sum);
	}
	fit->weight = num_sum_value(&weight);
	if (!(fit->weight > 0.0))
		return PATTERN_NO_EVIDENCE;
	fit->mean = num_sum_value(&sum) / fit->weight;
	if (!(fit->weight <= PATTERN_MAX_WEIGHT) || !num_is_finite(fit->mean))
		return PATTERN_OUT_OF_RANGE;
	for (i = 0; i < fit->buckets; i++)
		if (fit->bucket_weight[i] > 0.0)
			filled++;
	if (fit->rows < PATTERN_MIN_ROWS || fit->weight <= PATTERN_MIN_WEIGHT)
		return PATTERN_FEW_ROWS;
	if (filled < 2)
		return PATTERN_ONE_BUCKET;

	for (i = 0; i < count; i++)
	{
		double		deviation;

		if (!(cells[i].weight > 0.0))
			continue;
		deviation = cells[i].sum / cells[i].weight - fit->mean;
		num_sum_add(&squares, cells[i].squares);
		num_sum_add(&squares, cells[i].weight * deviation * deviation);
	}
	fit->squares = num_sum_value(&squares);
	if (!num_is_finite(fit->squares))
		return PATTERN_OUT_OF_RANGE;
	if (!(fit->squares > NO_VARIATION * fit->weight * fit->mean * fit->mean) ||
		!(fit->squares > DBL_MIN / DBL_EPSILON))
		return PATTERN_NO_VARIATION;
	fit->scale = sqrt(fit->squares / fit->weight);
	return PATTERN_OK;
}

void
pattern_fit(PatternFit *fit, const PatternCell *cells, int count, int buckets,
			bool changes, double *work)
{
	Days		days;
	double	   *week_weight;
	double	   *week_sum;
	double	   *week_sums;
	double	   *week_list;
	int			i;

	memset(fit, 0, sizeof(*fit));
	fit->buckets = buckets;
	fit->bucket_weight = work;
	fit->bucket_sum = work + buckets;
	work += 2 * buckets;
	memset(fit->bucket_weight, 0, sizeof(double) * 2 * buckets);
	fit->status = Summarise(fit, cells, count);
	if (fit->status != PATTERN_OK)
		return;
	for (i = 0; i < count; i++)
		fit->bucket_sum[cells[i].bucket] +=
			(cells[i].sum - cells[i].weight * fit->mean) / fit->scale;

	/* cells without a day come first: one of them, and time is not known */
	fit->segments = 1;
	if (changes && buckets <= PATTERN_PAIR_MAX_BUCKETS &&
		cells[0].day != PATTERN_NO_DAY &&
		(int64_t) cells[count - 1].day - cells[0].day + 1 >= PATTERN_CHANGE_MIN_DAYS)
		fit->segments = PATTERN_SEGMENTS;
	fit->columns = fit->segments * buckets;
	fit->df = fmax((double) fit->clusters - 2.0, 1.0);
	fit->quantile = special_t_quantile(0.975, fit->df);

	days.weight = work;
	days.sum = work + count;
	days.week = work + 2 * (size_t) count;
	week_weight = work + 3 * (size_t) count;
	week_sum = work + 4 * (size_t) count;
	work += 5 * (size_t) count;
	fit->score = work;
	week_sums = work + fit->columns;
	week_list = work + 2 * fit->columns;
	fit->gram = work + 3 * fit->columns;
	CollectDays(fit, cells, count, &days);
	ChooseRatios(fit, &days, week_weight, week_sum);
	BuildGram(fit, cells, count, &days, week_sums, week_list);
}

/*
 * Sets
 */

static int
SetSize(const PatternSet *set)
{
	switch (set->kind)
	{
		case PATTERN_TWO:
			return 2;
		case PATTERN_WINDOW:
			return set->b;
		default:
			return 1;
	}
}

/* The i-th bucket whose indicator makes the set's contrast. */
static int
SetBucket(const PatternFit *fit, const PatternSet *set, int i)
{
	if (set->kind == PATTERN_WINDOW)
		return (set->a + i) % fit->buckets;
	return i == 0 ? set->a : set->b;
}

/* "All but a" is the contrast of a with its sign turned: the level is free. */
static double
SetSign(const PatternSet *set)
{
	return set->kind == PATTERN_WORSE ? -1.0 : 1.0;
}

static PatternSet
MakeSet(PatternSetKind kind, int a, int b, double prior)
{
	PatternSet	set;

	memset(&set, 0, sizeof(set));
	set.kind = kind;
	set.a = a;
	set.b = b;
	set.prior = prior;
	return set;
}

int
pattern_groups(int buckets, PatternSet *sets)
{
	bool		worse = buckets > 2;
	bool		two = worse && buckets <= PATTERN_PAIR_MAX_BUCKETS;
	double		mass = PATTERN_PRIOR_ONE + (worse ? PATTERN_PRIOR_WORSE : 0.0) +
		(two ? PATTERN_PRIOR_TWO : 0.0);
	double		pairs = buckets * (buckets - 1.0) / 2.0;
	int			count = 0;
	int			a,
				b;

	if (sets == NULL)
		return buckets + (worse ? buckets : 0) + (two ? (int) pairs : 0);
	for (a = 0; a < buckets; a++)
		sets[count++] = MakeSet(PATTERN_ONE, a, 0,
								PATTERN_PRIOR_HABIT * PATTERN_PRIOR_ONE / mass / buckets);
	for (a = 0; worse && a < buckets; a++)
		sets[count++] = MakeSet(PATTERN_WORSE, a, 0,
								PATTERN_PRIOR_HABIT * PATTERN_PRIOR_WORSE / mass / buckets);
	for (a = 0; two && a < buckets; a++)
		for (b = a + 1; b < buckets; b++)
			sets[count++] = MakeSet(PATTERN_TWO, a, b,
									PATTERN_PRIOR_HABIT * PATTERN_PRIOR_TWO / mass / pairs);
	return count;
}

int
pattern_windows(const PatternFit *fit, int width, PatternSet *sets)
{
	int			a,
				i;

	if (sets == NULL)
		return fit->buckets;
	for (a = 0; a < fit->buckets; a++)
	{
		double		weight = 0.0;

		for (i = 0; i < width; i++)
			weight += fit->bucket_weight[(a + i) % fit->buckets];
		sets[a] = MakeSet(PATTERN_WINDOW, a, width,
						  PATTERN_PRIOR_HABIT *
						  (PATTERN_PRIOR_EVEN / fit->buckets +
						   (1.0 - PATTERN_PRIOR_EVEN) * weight / (width * fit->weight)));
	}
	return fit->buckets;
}

/* Blocks of the set's information and score, by segment. */
typedef struct Blocks
{
	double		information[PATTERN_SEGMENTS][PATTERN_SEGMENTS];
	double		score[PATTERN_SEGMENTS];
} Blocks;

static void
SetBlocks(const PatternFit *fit, const PatternSet *set, Blocks *blocks)
{
	int			size = SetSize(set);
	int			s,
				t,
				i,
				j;

	for (s = 0; s < fit->segments; s++)
	{
		blocks->score[s] = 0.0;
		for (i = 0; i < size; i++)
			blocks->score[s] += SetSign(set) *
				fit->score[s * fit->buckets + SetBucket(fit, set, i)];
		for (t = 0; t < fit->segments; t++)
		{
			double		sum = 0.0;

			for (i = 0; i < size; i++)
			{
				const double *row = fit->gram + (size_t) fit->columns *
					(s * fit->buckets + SetBucket(fit, set, i)) + t * fit->buckets;

				for (j = 0; j < size; j++)
					sum += row[SetBucket(fit, set, j)];
			}
			blocks->information[s][t] = sum;
		}
	}
}

/* The contrast that holds in segments from .. to - 1. */
static void
Contrast(const Blocks *blocks, int from, int to, double *information, double *score)
{
	int			s,
				t;

	*information = *score = 0.0;
	for (s = from; s < to; s++)
	{
		*score += blocks->score[s];
		for (t = from; t < to; t++)
			*information += blocks->information[s][t];
	}
	*information = fmax(*information, 0.0);
}

/*
 * Weight of the hypotheses of one set, summed over its changes, relative to
 * exp(log_scale): a running maximum, so that nothing overflows.  Changes are
 * looked for in single buckets and in windows.
 */
static void
WeighSet(const PatternFit *fit, PatternSet *set, bool changes)
{
	int			segments = changes &&
		(set->kind == PATTERN_ONE || set->kind == PATTERN_WINDOW) ? fit->segments : 1;
	double		changed = PATTERN_PRIOR_CHANGE / (2.0 * (segments > 1 ? segments - 1 : 1));
	Blocks		blocks;
	double		information;
	double		score;
	double		mean;
	double		variance;
	double		first;
	double		second;
	int			k;
	int			since;

	SetBlocks(fit, set, &blocks);
	Contrast(&blocks, 0, fit->segments, &information, &score);
	set->log_scale = pattern_log_bayes_factor(information, score, fit->squares,
											  fit->weight, &mean, &variance);
	set->probability = segments > 1 ? 1.0 - PATTERN_PRIOR_CHANGE : 1.0;
	set->past = set->begun = 0.0;
	first = set->probability * mean;
	second = set->probability * (variance + mean * mean);

	for (k = 1; k < segments; k++)
		for (since = 0; since <= 1; since++)
		{
			double		value;
			double		weight;

			Contrast(&blocks, since ? k : 0, since ? segments : k,
					 &information, &score);
			value = pattern_log_bayes_factor(information, score, fit->squares,
											 fit->weight, &mean, &variance);
			if (value > set->log_scale)
			{
				double		shrink = exp(set->log_scale - value);

				set->probability *= shrink;
				set->past *= shrink;
				set->begun *= shrink;
				first *= shrink;
				second *= shrink;
				set->log_scale = value;
			}
			weight = changed * exp(value - set->log_scale);
			if (since)
			{
				set->probability += weight;
				set->begun += weight;
				first += weight * mean;
				second += weight * (variance + mean * mean);
			}
			else
				set->past += weight;
		}
	set->mean = set->variance = 0.0;
	if (set->probability > 0.0)
	{
		set->mean = first / set->probability;
		set->variance = fmax(second / set->probability - set->mean * set->mean, 0.0);
	}
	set->log_scale += log(set->prior);
}

void
pattern_posterior(const PatternFit *fit, PatternSet *sets, int count, bool changes)
{
	double		none = log(1.0 - PATTERN_PRIOR_HABIT);
	double		best = none;
	double		total;
	int			i;

	for (i = 0; i < count; i++)
	{
		WeighSet(fit, &sets[i], changes);
		best = fmax(best, sets[i].log_scale);
	}
	total = exp(none - best);
	for (i = 0; i < count; i++)
	{
		double		factor = exp(sets[i].log_scale - best);

		sets[i].probability *= factor;
		sets[i].past *= factor;
		sets[i].begun *= factor;
		sets[i].log_scale = 0.0;
		total += sets[i].probability + sets[i].past;
	}
	for (i = 0; i < count; i++)
	{
		sets[i].probability /= total;
		sets[i].past /= total;
		sets[i].begun /= total;
	}
}

bool
pattern_claims(const PatternSet *set, int bucket, int buckets)
{
	switch (set->kind)
	{
		case PATTERN_ONE:
			return bucket == set->a;
		case PATTERN_TWO:
			return 2 * 2 <= buckets && (bucket == set->a || bucket == set->b);
		case PATTERN_WINDOW:
			return (bucket - set->a + buckets) % buckets < set->b;
		default:
			return false;
	}
}

void
pattern_confidences(const PatternFit *fit, const PatternSet *sets, int count,
					double *confidence, double *level)
{
	int			i,
				k;

	if (confidence != NULL)
		memset(confidence, 0, sizeof(double) * fit->buckets);
	if (level != NULL)
		memset(level, 0, sizeof(double) * fit->buckets);
	for (i = 0; i < count; i++)
		for (k = 0; k < SetSize(&sets[i]); k++)
		{
			int			bucket = SetBucket(fit, &sets[i], k);

			if (confidence != NULL && pattern_claims(&sets[i], bucket, fit->buckets))
				confidence[bucket] += sets[i].probability;
			if (level != NULL)
				level[bucket] += SetSign(&sets[i]) * sets[i].probability * sets[i].mean;
		}
	for (i = 0; confidence != NULL && i < fit->buckets; i++)
		confidence[i] = fmin(confidence[i], 1.0);
}

/*
 * Effects
 */

/* The set's rows as if independent: weight, standardised sum. */
static void
SetTotals(const PatternFit *fit, const PatternSet *set, double *weight, double *sum)
{
	int			i;

	*weight = *sum = 0.0;
	for (i = 0; i < SetSize(set); i++)
	{
		*weight += fit->bucket_weight[SetBucket(fit, set, i)];
		*sum += fit->bucket_sum[SetBucket(fit, set, i)];
	}
}

PatternEffect
pattern_effect(const PatternFit *fit, const PatternSet *set)
{
	PatternEffect result = {NAN, NAN, NAN, NAN, NAN, NAN, NAN};
	double		df = fit->weight - 2.0;
	Blocks		blocks;
	double		information;
	double		score;
	double		weight;
	double		sum;
	double		variance;
	double		independent;
	double		half;

	SetTotals(fit, set, &weight, &sum);
	if (!(weight > 0.0) || !(fit->weight - weight > fit->weight * DBL_EPSILON))
		return result;
	SetBlocks(fit, set, &blocks);
	Contrast(&blocks, 0, fit->segments, &information, &score);
	if (!(information > fit->weight * DBL_EPSILON))
		return result;

	variance = fmax(fit->squares - score * score / information,
					fit->squares * DBL_EPSILON) / df / information;
	result.effect = score / information;
	result.error = sqrt(variance);
	result.df = fit->df;
	result.p_value = special_t_two_sided(result.effect / result.error, result.df);
	half = fit->quantile * result.error;

	independent = weight * (fit->weight - weight) / fit->weight;
	result.inflation = variance /
		(fmax(fit->weight - sum * sum / independent, fit->weight * DBL_EPSILON) /
		 df / independent);
	result.low = (result.effect - half) * fit->scale;
	result.high = (result.effect + half) * fit->scale;
	result.effect *= fit->scale;
	result.error *= fit->scale;
	return result;
}

/* Marks the set's buckets with 1; the weight they have. */
static double
MarkSet(const PatternFit *fit, const PatternSet *set, double *in)
{
	double		weight;
	double		sum;
	int			i;

	memset(in, 0, sizeof(double) * fit->buckets);
	for (i = 0; i < SetSize(set); i++)
		in[SetBucket(fit, set, i)] = 1.0;
	SetTotals(fit, set, &weight, &sum);
	return weight;
}

double
pattern_shrunk_effect(const PatternFit *fit, const PatternSet *set, const double *level)
{
	double		inside = 0.0;
	double		outside = 0.0;
	double		weight;
	double		sum;
	int			i;

	SetTotals(fit, set, &weight, &sum);
	if (!(weight > 0.0) || !(fit->weight - weight > fit->weight * DBL_EPSILON))
		return NAN;
	for (i = 0; i < fit->buckets; i++)
		outside += fit->bucket_weight[i] * level[i];
	for (i = 0; i < SetSize(set); i++)
	{
		int			bucket = SetBucket(fit, set, i);

		inside += fit->bucket_weight[bucket] * level[bucket];
	}
	outside -= inside;
	return (inside / weight - outside / (fit->weight - weight)) * fit->scale;
}

double
pattern_replication(const PatternFit *fit, const PatternSet *sets, int count,
					const PatternSet *target, double *in)
{
	PatternEffect effect = pattern_effect(fit, target);
	double		weight = MarkSet(fit, target, in);
	double		outside = fit->weight - weight;
	double		error = effect.error / fit->scale;
	double		result = 0.5;
	int			i,
				k;

	if (isnan(effect.effect))
		return NAN;
	for (i = 0; i < count; i++)
	{
		const PatternSet *set = &sets[i];
		double		advantage = 0.0;

		for (k = 0; k < SetSize(set); k++)
		{
			int			bucket = SetBucket(fit, set, k);

			advantage += fit->bucket_weight[bucket] *
				(in[bucket] > 0.0 ? 1.0 / weight : -1.0 / outside);
		}
		advantage *= SetSign(set);
		result += set->probability *
			(special_normal_cdf(advantage * set->mean /
								sqrt(advantage * advantage * set->variance +
									 error * error)) - 0.5);
	}
	return result;
}

/* One set against none at even prior odds of PATTERN_PRIOR_HABIT. */
static double
AgainstNone(double information, double score, double squares, double weight)
{
	return num_logistic(num_logit(PATTERN_PRIOR_HABIT) +
						pattern_log_bayes_factor(information, score, squares,
												 weight, NULL, NULL));
}

PatternSteps
pattern_steps(const PatternFit *fit, const PatternSet *set)
{
	PatternSteps steps;
	PatternEffect effect = pattern_effect(fit, set);
	double		rows = PATTERN_REFERENCE_ROWS;
	Blocks		blocks;
	double		information;
	double		score;
	double		weight;
	double		sum;
	double		delta;
	double		variance;

	steps.effect = steps.sample_size = steps.consistency = PATTERN_PRIOR_HABIT;
	if (isnan(effect.effect))
		return steps;
	SetBlocks(fit, set, &blocks);
	Contrast(&blocks, 0, fit->segments, &information, &score);
	SetTotals(fit, set, &weight, &sum);

	/* half of the reference rows in the set, half outside */
	delta = score / information;
	variance = fmax(fit->squares - score * delta, fit->squares * DBL_EPSILON) /
		(fit->weight - 2.0);
	steps.effect = AgainstNone(rows / 4.0, delta * rows / 4.0,
							   variance * (rows - 2.0) + delta * delta * rows / 4.0, rows);
	steps.sample_size = AgainstNone(weight * (fit->weight - weight) / fit->weight,
									sum, fit->weight, fit->weight);
	steps.consistency = AgainstNone(information, score, fit->squares, fit->weight);
	return steps;
}

/*
 * Limits
 *
 * Candidate c: the score falls (rises) in proportion to the distance beyond
 * position[c], by delta on average over the rows beyond.
 */

PatternLimit
pattern_limit(const PatternFit *fit, const double *position, double *work)
{
	PatternLimit result;
	int			buckets = fit->buckets;
	double	   *information = work;
	double	   *score = work + buckets;
	double	   *excess = work + 2 * buckets;
	double	   *falls = work + 3 * buckets;
	double		usable = 0.0;
	double		beyond = 0.0;
	double		distance = 0.0;
	double		best;
	double		total;
	double		mass = 0.0;
	double		delta = 0.0;
	double		slope = 0.0;
	double		slope_square = 0.0;
	int			c,
				i;

	memset(information, 0, sizeof(double) * buckets);
	memset(score, 0, sizeof(double) * buckets);

	/* for every row of the gram at once: sums beyond c, from the far end */
	for (i = 0; i < buckets; i++)
	{
		const double *row = fit->gram + (size_t) i * fit->columns;
		double		sum = 0.0;
		double		product = 0.0;

		for (c = buckets - 2; c >= 0; c--)
		{
			product += sum * (c + 2 < buckets ? position[c + 2] - position[c + 1] : 0.0);
			sum += row[c + 1];
			/* sum over j > c of row[j] (position[j] - position[c]) */
			if (i > c)
				information[c] += (position[i] - position[c]) *
					(product + sum * (position[c + 1] - position[c]));
		}
		for (c = 0; c < i; c++)
			score[c] += (position[i] - position[c]) * fit->score[i];
	}
	excess[buckets - 1] = 0.0;
	for (c = buckets - 2; c >= 0; c--)
	{
		distance += beyond * (c + 2 < buckets ? position[c + 2] - position[c + 1] : 0.0);
		beyond += fit->bucket_weight[c + 1];
		excess[c] = beyond > 0.0 ?
			(distance + beyond * (position[c + 1] - position[c])) / beyond : 0.0;
		if (excess[c] > 0.0)
			usable += fit->bucket_weight[c];
	}

	best = log(1.0 - PATTERN_PRIOR_FALLS - PATTERN_PRIOR_RISES);
	for (c = 0; c < buckets - 1; c++)
	{
		falls[c] = -INFINITY;
		if (!(excess[c] > 0.0) || !(fit->bucket_weight[c] > 0.0))
			continue;
		information[c] = fmax(information[c], 0.0) / (excess[c] * excess[c]);
		score[c] /= excess[c];
		falls[c] = log(PATTERN_PRIOR_FALLS * fit->bucket_weight[c] / usable) +
			pattern_log_bayes_factor(information[c], -score[c], fit->squares,
									 fit->weight, NULL, NULL);
		best = fmax(best, falls[c]);
		best = fmax(best, log(PATTERN_PRIOR_RISES * fit->bucket_weight[c] / usable) +
					pattern_log_bayes_factor(information[c], score[c], fit->squares,
											 fit->weight, NULL, NULL));
	}
	total = exp(log(1.0 - PATTERN_PRIOR_FALLS - PATTERN_PRIOR_RISES) - best);
	memset(&result, 0, sizeof(result));
	for (c = 0; c < buckets - 1; c++)
	{
		double		mean;
		double		variance;
		double		per_unit;
		double		p;

		if (isinf(falls[c]))
			continue;
		total += exp(log(PATTERN_PRIOR_RISES * fit->bucket_weight[c] / usable) +
					 pattern_log_bayes_factor(information[c], score[c], fit->squares,
											  fit->weight, NULL, NULL) - best);
		(void) pattern_log_bayes_factor(information[c], -score[c], fit->squares,
										fit->weight, &mean, &variance);
		p = exp(falls[c] - best);
		per_unit = mean / excess[c];
		mass += p;
		result.at += p * position[c];
		delta += p * mean;
		slope += p * per_unit;
		slope_square += p * (variance / (excess[c] * excess[c]) + per_unit * per_unit);
		falls[c] = p;
	}
	total += mass;
	result.probability = mass / total;
	if (mass > 0.0)
	{
		double		half;
		double		below = 0.0;
		bool		low_found = false;

		result.at /= mass;
		result.effect = -delta / mass * fit->scale;
		slope /= mass;
		half = special_normal_quantile(0.975) *
			sqrt(fmax(slope_square / mass - slope * slope, 0.0));
		result.slope = -slope * fit->scale;
		result.slope_low = (-slope - half) * fit->scale;
		result.slope_high = (-slope + half) * fit->scale;
		for (c = 0; c < buckets - 1; c++)
		{
			if (isinf(falls[c]))
				continue;
			below += falls[c] / mass;
			if (!low_found && below >= 0.025)
			{
				result.low = position[c];
				low_found = true;
			}
			result.high = position[c];
			if (below >= 0.975)
				break;
		}
	}
	return result;
}
