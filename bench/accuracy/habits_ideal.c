/*
 * habits_ideal.c
 *		What could be known of a simulated learner's habits: the posterior under
 *		the simulator's own distributions (doc/simulator.md).
 *
 *		habits_ideal DAYS < sessions > claims
 *
 * Sessions, tab-separated, by learner and day: learner, day since the start,
 * hour, content (0 to 3), minutes, score (0 to 100), and what the other two
 * habits and a burnout episode add to the score (0 to 1) when the question is
 * the hours, the content, the length.  Claims: learner, product, bucket,
 * probability.
 *
 * The observer knows level, noise of sessions and days, how scores are rounded
 * and cut, sizes and priors of the habits, how they change, and everything else
 * that moves the learner's scores.  A learner's usual hours are read from the
 * sessions.  Nothing that has to estimate any of this can do better on average.
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
#define EFFECTS 11				/* of a peak: uniform 0.10 to 0.20 */

/* Gauss-Hermite, nine nodes, for a standard normal */
#define NODES 9
static const double node[NODES] = {
	-4.51274586339978, -3.20542900285647, -2.07684797867783, -1.02325566378913, 0.0,
	1.02325566378913, 2.07684797867783, 3.20542900285647, 4.51274586339978
};
static const double node_weight[NODES] = {
	2.23458440077466e-05, 2.78914132123177e-03, 4.99164067652179e-02, 2.44097502894939e-01,
	4.06349206349206e-01, 2.44097502894939e-01, 4.99164067652179e-02, 2.78914132123177e-03,
	2.23458440077466e-05
};

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

/* Likelihood of a written score; inside, a density: constants cancel. */
static double
likelihood(int score, double mean)
{
	double		z = (score / 100.0 - mean) / SESSION_SD;

	if (score >= 100)
		return 0.5 * erfc((0.995 - mean) / SESSION_SD / sqrt(2.0));
	if (score <= 0)
		return 0.5 * erfc(-(0.005 - mean) / SESSION_SD / sqrt(2.0));
	return 0.01 / (SESSION_SD * sqrt(2.0 * 3.14159265358979323846)) * exp(-0.5 * z * z);
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
			return s->minutes > SHORTEST + slot ? -effect * (s->minutes - SHORTEST - slot) / 10.0 : 0.0;
	}
}

/* Likelihood of the sessions of one day under additions to their means. */
static double
day_likelihood(const Session *s, int count, int question, const double *added)
{
	double		total = 0.0;
	int			i,
				n;

	for (n = 0; n < NODES; n++)
	{
		double		product = node_weight[n];

		for (i = 0; i < count; i++)
			product *= likelihood(s[i].score, LEVEL + s[i].known[question] + added[i] + DAY_SD * node[n]);
		total += product;
	}
	return total;
}

/*
 * Posterior weights of the slots in force on the last day seen, the weight of no
 * habit being 1 - exists.  A habit changes once with probability 0.1, on a
 * uniform day of all simulated; a content moves to another one.
 */
static void
posterior(const Session *s, int count, int days, int question, int slots, const double *prior, int effects,
		  const double *effect, double exists, double *weight)
{
	int			last = s[count - 1].day;
	double	   *sum = malloc(sizeof(double) * slots * (last + 2));
	double	   *earlier = malloc(sizeof(double) * (last + 1));
	double		none[MAX_A_DAY] = {0};
	double		added[MAX_A_DAY];
	int			e,
				a,
				b,
				d;

	memset(weight, 0, sizeof(double) * slots);
	for (e = 0; e < effects; e++)
	{
		int			at = 0;

		/* sum[a][d]: logarithm of the slot's likelihood ratio before day d */
		for (a = 0; a < slots; a++)
			sum[a * (last + 2)] = 0.0;
		for (d = 0; d <= last; d++)
		{
			int			n = 0;
			double		base = 0.0;

			while (at + n < count && s[at + n].day == d && n < MAX_A_DAY)
				n++;
			for (a = 0; a < slots; a++)
			{
				int			touched = 0;
				double	   *before = &sum[a * (last + 2) + d];

				for (b = 0; b < n; b++)
				{
					added[b] = addition(&s[at + b], question, a, effect[e]);
					touched |= added[b] != 0.0;
				}
				before[1] = before[0];
				if (!touched)
					continue;
				if (base == 0.0)
					base = day_likelihood(s + at, n, question, none);
				before[1] += log(day_likelihood(s + at, n, question, added) / base);
			}
			at += n;
		}
		for (d = 0; d <= last; d++)
		{
			earlier[d] = 0.0;
			for (a = 0; a < slots; a++)
				earlier[d] += prior[a] * exp(sum[a * (last + 2) + d]);
		}
		for (b = 0; b < slots; b++)
		{
			const double *own = &sum[b * (last + 2)];
			double		total = (0.9 + 0.1 * (days - 1 - last) / days) * prior[b] * exp(own[last + 1]);

			for (d = 0; d <= last; d++)
			{
				double		moved = question == CONTENT ?
					(earlier[d] - prior[b] * exp(own[d])) / (slots - 1) : earlier[d] * prior[b];

				total += 0.1 / days * moved * exp(own[last + 1] - own[d]);
			}
			weight[b] += exists * total / effects;
		}
	}
	free(earlier);
	free(sum);
}

static void
claims(const char *learner, const Session *s, int count, int days)
{
	static const char *const kinds[CONTENT_TYPES] = {"lecture", "flashcard", "validation", "clinical_reasoning"};
	double		effect[EFFECTS];
	double		prior[LENGTHS];
	double		weight[LENGTHS];
	double		total;
	int			seen[HOURS] = {0};
	int			usual = 0;
	int			i,
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
		prior[i] = usual > 0 ? 0.7 * over / (WINDOW * usual) + 0.3 / HOURS : 1.0 / HOURS;
	}
	for (i = 0; i < EFFECTS; i++)
		effect[i] = 0.10 + 0.10 * (i + 0.5) / EFFECTS;
	posterior(s, count, days, HOUR, HOURS, prior, EFFECTS, effect, 0.5, weight);
	total = 0.5;
	for (i = 0; i < HOURS; i++)
		total += weight[i];
	for (i = 0; i < HOURS; i++)
	{
		double		p = 0.0;

		for (k = 0; k < WINDOW; k++)
			p += weight[(i - k + HOURS) % HOURS];
		printf("%s\thours\t%d\t%.9f\n", learner, i, fmin(p / total, 1.0));
	}

	for (i = 0; i < CONTENT_TYPES; i++)
		prior[i] = 1.0 / CONTENT_TYPES;
	effect[0] = 0.08;
	posterior(s, count, days, CONTENT, CONTENT_TYPES, prior, 1, effect, 0.3, weight);
	total = 0.7;
	for (i = 0; i < CONTENT_TYPES; i++)
		total += weight[i];
	for (i = 0; i < CONTENT_TYPES; i++)
		printf("%s\tcontent\t%s\t%.9f\n", learner, kinds[i], fmin(weight[i] / total, 1.0));

	for (i = 0; i < LENGTHS; i++)
		prior[i] = 1.0 / LENGTHS;
	effect[0] = 0.04;
	posterior(s, count, days, LENGTH, LENGTHS, prior, 1, effect, 0.3, weight);
	total = 0.7;
	for (i = 0; i < LENGTHS; i++)
		total += weight[i];
	printf("%s\tsession length\t\t%.9f\n", learner, fmin(1.0 - 0.7 / total, 1.0));
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
	while (scanf("%99s %d %d %d %lf %d %lf %lf %lf", name, &s.day, &s.hour, &s.content, &s.minutes, &s.score,
				 &s.known[HOUR], &s.known[CONTENT], &s.known[LENGTH]) == 9)
	{
		if (strcmp(name, learner) != 0)
		{
			if (count > 0)
				claims(learner, session, count, days);
			strcpy(learner, name);
			count = 0;
		}
		if (s.day < 0 || s.day >= days || count == (int) (sizeof(session) / sizeof(session[0])) ||
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
