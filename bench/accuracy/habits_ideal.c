/*
 * habits_ideal.c
 *		What could be known of a simulated learner's habits: posteriors under the
 *		simulator's own distributions (doc/simulator.md).
 *
 *		habits_ideal DAYS < sessions > claims
 *
 * Sessions, tab-separated, by learner and day: learner, day since the start,
 * hour, content (0 to 3), minutes, score (0 to 100), and what the other two
 * habits and a burnout episode add to the score (0 to 1) when the question is
 * the hours, the content, the length.  Claims: learner, method, product, bucket,
 * probability.
 *
 * Method "ideal" knows the noise of sessions and days, how scores are rounded
 * and cut, size, prior and change of the habit in question, and reads the
 * learner's level and usual hours from the sessions.  Method "all-knowing" is
 * also told the level and all else that moves the learner's scores.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LEVEL 0.70
#define SESSION_SD 0.15
#define DAY_SD 0.05
#define MAX_DAYS 4000
#define MAX_A_DAY 32
#define HOURS 24
#define WINDOW 3
#define CONTENT_TYPES 4
#define SHORTEST 25
#define LENGTHS 36
#define EFFECTS 5				/* of a peak: uniform 0.10 to 0.20 */

/* levels an observer considers who has to find it: 0.58, 0.59, ... 0.86 */
#define LEVELS 29
#define LOWEST_LEVEL 0.58

/* Gauss-Hermite, five nodes, for a standard normal */
#define NODES 5
static const double node[NODES] = {
	-2.85697001387281, -1.35562617997427, 0.0, 1.35562617997427, 2.85697001387281
};
static const double node_weight[NODES] = {
	0.0112574113277207, 0.222075922005613, 0.533333333333333, 0.222075922005613, 0.0112574113277207
};

/* likelihood of a written score by mean, in steps of 0.001 */
#define SCORES 101
#define MEANS 4000
static double likelihood_of[SCORES][MEANS];

enum
{
	HOUR, CONTENT, LENGTH, QUESTIONS
};

typedef struct Session
{
	int			day;
	int			hour;
	int			content;
	double		minutes;
	int			score;
	double		known[QUESTIONS];	/* added by what is not in question */
} Session;

/* Cut at 0 and 100; inside a density, as constants cancel. */
static void
fill_likelihoods(void)
{
	int			score,
				i;

	for (score = 0; score < SCORES; score++)
		for (i = 0; i < MEANS; i++)
		{
			double		mean = (i - MEANS / 2) / 1000.0;
			double		z = (score / 100.0 - mean) / SESSION_SD;

			if (score == 100)
				likelihood_of[score][i] = 0.5 * erfc((0.995 - mean) / SESSION_SD / sqrt(2.0));
			else if (score == 0)
				likelihood_of[score][i] = 0.5 * erfc(-(0.005 - mean) / SESSION_SD / sqrt(2.0));
			else
				likelihood_of[score][i] = 0.01 * exp(-0.5 * z * z) /
					(SESSION_SD * sqrt(2.0 * 3.14159265358979323846));
		}
}

static double
likelihood(int score, double mean)
{
	int			i = (int) floor(mean * 1000.0 + 0.5) + MEANS / 2;

	return likelihood_of[score][i < 0 ? 0 : i >= MEANS ? MEANS - 1 : i];
}

/* What a habit in this slot adds to the session's score. */
static double
addition(const Session *s, int question, int slot, double effect)
{
	switch (question)
	{
		case HOUR:
			return (s->hour - slot + HOURS) % HOURS < WINDOW ? effect : 0.0;
		case CONTENT:
			return s->content == slot ? effect : 0.0;
		default:
			return -effect * fmax(s->minutes - SHORTEST - slot, 0.0) / 10.0;
	}
}

/* What is asked, and what is known beforehand. */
typedef struct Question
{
	int			what;
	int			days;			/* simulated in all */
	int			slots;
	const double *prior;		/* of slots, given that there is a habit */
	double		exists;
	int			effects;
	const double *effect;
	int			levels;
	double		lowest;
	int			told;			/* what else moves the scores */
} Question;

/* Likelihood of the sessions of one day under additions to their means. */
static double
day_likelihood(const Question *q, const Session *s, int count, double level, const double *added)
{
	double		total = 0.0;
	int			i,
				n;

	for (n = 0; n < NODES; n++)
	{
		double		product = node_weight[n];

		for (i = 0; i < count; i++)
			product *= likelihood(s[i].score, level + (q->told ? s[i].known[q->what] : 0.0) +
								  added[i] + DAY_SD * node[n]);
		total += product;
	}
	return fmax(total, 1e-300);
}

/* Number of sessions of the day that begins at "at". */
static int
day_count(const Session *s, int count, int at)
{
	int			n = 0;

	while (at + n < count && n < MAX_A_DAY && s[at + n].day == s[at].day)
		n++;
	return n;
}

/*
 * Weights of the slots in force on the last day seen, at one level and effect,
 * no habit weighing 1.  ratio[a]: likelihood ratio of slot a before each day.  A
 * habit changes once with probability 0.1, on a uniform day of all simulated; a
 * content moves to another one.
 */
static void
weigh(const Question *q, const Session *s, int count, double level, double effect,
	  double *ratio, double *earlier, double *weight)
{
	static const double none[MAX_A_DAY];
	int			last = s[count - 1].day;
	double		added[MAX_A_DAY];
	int			at = 0;
	int			a,
				b,
				d;

	for (a = 0; a < q->slots; a++)
		ratio[a * (last + 2)] = 1.0;
	for (d = 0; d <= last; d++)
	{
		int			n = at < count && s[at].day == d ? day_count(s, count, at) : 0;
		double		base = n > 0 ? day_likelihood(q, s + at, n, level, none) : 1.0;

		earlier[d] = 0.0;
		for (a = 0; a < q->slots; a++)
		{
			double	   *before = &ratio[a * (last + 2) + d];
			int			touched = 0;

			earlier[d] += q->prior[a] * before[0];
			for (b = 0; b < n; b++)
			{
				added[b] = addition(&s[at + b], q->what, a, effect);
				touched |= added[b] != 0.0;
			}
			before[1] = before[0];
			if (touched)
				before[1] *= day_likelihood(q, s + at, n, level, added) / base;
		}
		at += n;
	}
	for (b = 0; b < q->slots; b++)
	{
		const double *own = &ratio[b * (last + 2)];

		weight[b] = (0.9 + 0.1 * (q->days - 1 - last) / q->days) *
			q->prior[b] * own[last + 1];
		for (d = 0; d <= last; d++)
			weight[b] += 0.1 / q->days * own[last + 1] / own[d] *
				(q->what == CONTENT ? (earlier[d] - q->prior[b] * own[d]) / (q->slots - 1) :
				 earlier[d] * q->prior[b]);
	}
}

/* Posterior probabilities of the slots in force on the last day seen. */
static void
posterior(const Question *q, const Session *s, int count, double *probability)
{
	static const double none[MAX_A_DAY];
	int			last = s[count - 1].day;
	double	   *ratio = malloc(sizeof(double) * q->slots * (last + 2));
	double	   *earlier = malloc(sizeof(double) * (last + 1));
	double		log_likelihood[LEVELS];
	double		weight[LENGTHS];
	double		best = -INFINITY;
	double		total = 0.0;
	int			at,
				e,
				i,
				k;

	for (k = 0; k < q->levels; k++)
	{
		log_likelihood[k] = 0.0;
		for (at = 0; at < count; at += day_count(s, count, at))
			log_likelihood[k] += log(day_likelihood(q, s + at, day_count(s, count, at),
													q->lowest + 0.01 * k, none));
		best = fmax(best, log_likelihood[k]);
	}
	memset(probability, 0, sizeof(double) * q->slots);
	for (k = 0; k < q->levels; k++)
	{
		double		scale = exp(log_likelihood[k] - best);

		/* a habit can lower the level by more than its own error */
		if (scale < 1e-30)
			continue;
		total += (1.0 - q->exists) * scale;
		for (e = 0; e < q->effects; e++)
		{
			weigh(q, s, count, q->lowest + 0.01 * k, q->effect[e], ratio, earlier, weight);
			for (i = 0; i < q->slots; i++)
			{
				probability[i] += q->exists * scale * weight[i] / q->effects;
				total += q->exists * scale * weight[i] / q->effects;
			}
		}
	}
	for (i = 0; i < q->slots; i++)
		probability[i] = fmin(probability[i] / total, 1.0);
	free(earlier);
	free(ratio);
}

static void
claims(const char *learner, const Session *s, int count, int days)
{
	static const char *const kinds[CONTENT_TYPES] = {
		"lecture", "flashcard", "validation", "clinical_reasoning"
	};
	double		peak_effect[EFFECTS];
	double		content_effect = 0.08;
	double		length_effect = 0.04;
	double		peak_prior[HOURS];
	double		even[LENGTHS];
	double		p[LENGTHS];
	int			seen[HOURS] = {0};
	int			usual = 0;
	int			told,
				i,
				k;

	/* a usual hour has a ninth of the sessions or more, another one a 120th */
	for (i = 0; i < count; i++)
		seen[s[i].hour]++;
	for (i = 0; i < HOURS; i++)
	{
		seen[i] = seen[i] > 1 + 0.045 * count;
		usual += seen[i];
	}
	for (i = 0; i < HOURS; i++)
	{
		double		over = 0.0;

		for (k = 0; k < WINDOW; k++)
			over += seen[(i + k) % HOURS];
		peak_prior[i] = usual > 0 ? 0.7 * over / (WINDOW * usual) + 0.3 / HOURS : 1.0 / HOURS;
	}
	for (i = 0; i < EFFECTS; i++)
		peak_effect[i] = 0.10 + 0.10 * (i + 0.5) / EFFECTS;
	for (told = 0; told <= 1; told++)
	{
		const char *method = told ? "all-knowing" : "ideal";
		int			levels = told ? 1 : LEVELS;
		double		lowest = told ? LEVEL : LOWEST_LEVEL;
		Question	hours = {HOUR, days, HOURS, peak_prior, 0.5, EFFECTS, peak_effect,
		levels, lowest, told};
		Question	content = {CONTENT, days, CONTENT_TYPES, even, 0.3, 1, &content_effect,
		levels, lowest, told};
		Question	length = {LENGTH, days, LENGTHS, even, 0.3, 1, &length_effect,
		levels, lowest, told};
		double		sum = 0.0;

		posterior(&hours, s, count, p);
		for (i = 0; i < HOURS; i++)
			printf("%s\t%s\thours\t%d\t%.9f\n", learner, method, i,
				   fmin(p[i] + p[(i + HOURS - 1) % HOURS] + p[(i + HOURS - 2) % HOURS], 1.0));
		for (i = 0; i < CONTENT_TYPES; i++)
			even[i] = 1.0 / CONTENT_TYPES;
		posterior(&content, s, count, p);
		for (i = 0; i < CONTENT_TYPES; i++)
			printf("%s\t%s\tcontent\t%s\t%.9f\n", learner, method, kinds[i], p[i]);
		for (i = 0; i < LENGTHS; i++)
			even[i] = 1.0 / LENGTHS;
		posterior(&length, s, count, p);
		for (i = 0; i < LENGTHS; i++)
			sum += p[i];
		printf("%s\t%s\tsession length\t\t%.9f\n", learner, method, fmin(sum, 1.0));
	}
}

int
main(int argc, char **argv)
{
	static Session session[MAX_DAYS * 8];
	char		learner[100] = "";
	char		name[100];
	int			days = argc == 2 ? atoi(argv[1]) : 0;
	int			count = 0;
	Session		s;

	if (days < 1 || days > MAX_DAYS)
	{
		fprintf(stderr, "usage: habits_ideal DAYS < sessions > claims\n");
		return 2;
	}
	fill_likelihoods();
	while (scanf("%99s %d %d %d %lf %d %lf %lf %lf", name, &s.day, &s.hour, &s.content,
				 &s.minutes, &s.score, &s.known[HOUR], &s.known[CONTENT], &s.known[LENGTH]) == 9)
	{
		if (strcmp(name, learner) != 0)
		{
			if (count > 0)
				claims(learner, session, count, days);
			strcpy(learner, name);
			count = 0;
		}
		if (s.day < 0 || s.day >= days || s.hour < 0 || s.hour >= HOURS ||
			s.score < 0 || s.score >= SCORES ||
			count == (int) (sizeof(session) / sizeof(session[0])) ||
			(count > 0 && s.day < session[count - 1].day))
		{
			fprintf(stderr, "habits_ideal: session of %s on day %d\n", name, s.day);
			return 1;
		}
		session[count++] = s;
	}
	if (!feof(stdin))
	{
		fprintf(stderr, "habits_ideal: a line that is no session\n");
		return 1;
	}
	if (count > 0)
		claims(learner, session, count, days);
	return 0;
}
