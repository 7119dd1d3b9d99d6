/*
 * simulate.c
 *		Learners with known truth: writes the Epic 5 tables and, apart, the truth
 *		they were drawn from, as files for COPY.
 *
 *		simulate --learners N --days D --seed S --out DIR [--start YYYY-MM-DD]
 *
 * The distributions are fixed (doc/simulator.md) and must not be tuned to a
 * method.  Every learner has a random stream of its own, made from the seed and
 * the learner's number, so that learner 7 is the same in a run of 10 and of
 * 10,000.
 */
#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#define COURSES 5
#define OBJECTIVES 20
#define CARDS 200
#define OBJECTIVES_PER_COURSE (OBJECTIVES / COURSES)
#define CARDS_PER_OBJECTIVE (CARDS / OBJECTIVES)
#define CONTENT_TYPES 4
#define ARMS 4
#define MAX_DAYS 4000
#define MAX_SESSIONS 12		/* a day */

static const char *const content_names[CONTENT_TYPES] = {
	"lecture", "flashcard", "validation", "clinical_reasoning"
};
static const char *const arm_names[ARMS] = {
	"pattern_heavy", "prediction_heavy", "balanced", "conservative"
};
/* the first two keep daylight saving time, the others do not */
static const char *const zones[4] = {
	"Europe/Berlin", "America/New_York", "Asia/Kolkata", "Etc/UTC"
};

/* --------------------------------------------------------------------------
 * Draws: splitmix64 seeds xoshiro256**
 * --------------------------------------------------------------------------
 */
typedef struct Stream
{
	uint64_t	s[4];
} Stream;

static uint64_t
splitmix(uint64_t *x)
{
	uint64_t	z = (*x += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

static void
stream_seed(Stream *r, uint64_t seed, uint64_t number)
{
	uint64_t	x = seed * UINT64_C(0xd1342543de82ef95) + number;
	int			i;

	for (i = 0; i < 4; i++)
		r->s[i] = splitmix(&x);
}

static uint64_t
rotate(uint64_t x, int k)
{
	return (x << k) | (x >> (64 - k));
}

static uint64_t
next(Stream *r)
{
	uint64_t	result = rotate(r->s[1] * 5, 7) * 9;
	uint64_t	t = r->s[1] << 17;

	r->s[2] ^= r->s[0];
	r->s[3] ^= r->s[1];
	r->s[1] ^= r->s[2];
	r->s[0] ^= r->s[3];
	r->s[2] ^= t;
	r->s[3] = rotate(r->s[3], 45);
	return result;
}

/* open interval (0, 1) */
static double
uniform(Stream *r)
{
	return ((double) (next(r) >> 11) + 0.5) * (1.0 / 9007199254740992.0);
}

static double
between(Stream *r, double low, double high)
{
	return low + (high - low) * uniform(r);
}

static int
choose(Stream *r, int n)
{
	return (int) (uniform(r) * n);
}

static int
chance(Stream *r, double p)
{
	return uniform(r) < p;
}

static double
normal(Stream *r)
{
	double		u = uniform(r);
	double		v = uniform(r);

	return sqrt(-2.0 * log(u)) * cos(2.0 * 3.14159265358979323846 * v);
}

static int
poisson(Stream *r, double mean)
{
	double		limit = exp(-mean);
	double		product = uniform(r);
	int			n = 0;

	while (product > limit)
	{
		product *= uniform(r);
		n++;
	}
	return n;
}

static double
clamp(double x, double low, double high)
{
	return x < low ? low : x > high ? high : x;
}

/* --------------------------------------------------------------------------
 * Output
 * --------------------------------------------------------------------------
 */
enum
{
	F_USERS, F_LEARNER, F_COURSES, F_LECTURES, F_OBJECTIVES, F_PREREQUISITES,
	F_CARDS, F_MISSIONS, F_SESSIONS, F_REVIEWS, F_EVENTS, F_METRICS, F_LOAD,
	F_LATE_REVIEWS, F_LATE_EVENTS, F_EDITS, F_DELETES,
	F_TRUTH_LEARNER, F_TRUTH_HABIT, F_TRUTH_REVIEW, F_TRUTH_OBJECTIVE, F_TRUTH_ARM,
	FILES
};

static const char *const file_names[FILES] = {
	"users", "learner", "courses", "lectures", "learning_objectives",
	"objective_prerequisites", "cards", "missions", "study_sessions", "reviews",
	"behavioral_events", "performance_metrics", "cognitive_load_metrics",
	"late_reviews", "late_events", "edits", "deletes",
	"truth_learner", "truth_habit", "truth_review", "truth_objective", "truth_arm"
};

static FILE *out[FILES];

/* Negative is unknown: the NULL of COPY. */
static void
optional_int(FILE *to, int value)
{
	if (value < 0)
		fputs("\\N", to);
	else
		fprintf(to, "%d", value);
}

static void
stamp(char *to, double at)
{
	time_t		seconds = (time_t) floor(at);
	int			ms = (int) ((at - floor(at)) * 1000.0);
	struct tm	tm;

	gmtime_r(&seconds, &tm);
	sprintf(to, "%04d-%02d-%02d %02d:%02d:%02d.%03d+00", tm.tm_year + 1900,
			tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, ms);
}

/* --------------------------------------------------------------------------
 * The world: shared by all learners of a seed
 * --------------------------------------------------------------------------
 */
typedef struct World
{
	double		item_factor[CARDS];		/* of the first stability */
	double		item_growth[CARDS];		/* of stability at a success */
	double		objective_difficulty[OBJECTIVES];
	int			prerequisite[OBJECTIVES];	/* -1: root of its course's tree */
	double		median_item_factor;
} World;

static int
compare_doubles(const void *a, const void *b)
{
	double		x = *(const double *) a;
	double		y = *(const double *) b;

	return (x > y) - (x < y);
}

static int
compare_ints(const void *a, const void *b)
{
	return *(const int *) a - *(const int *) b;
}

static void
make_world(World *w, uint64_t seed)
{
	Stream		r;
	double		sorted[CARDS];
	int			i;

	stream_seed(&r, seed, 0);
	for (i = 0; i < CARDS; i++)
	{
		w->item_factor[i] = exp(0.5 * normal(&r));
		w->item_growth[i] = between(&r, 1.3, 2.5);
		sorted[i] = w->item_factor[i];
	}
	qsort(sorted, CARDS, sizeof(double), compare_doubles);
	w->median_item_factor = 0.5 * (sorted[CARDS / 2 - 1] + sorted[CARDS / 2]);
	for (i = 0; i < OBJECTIVES; i++)
	{
		int			place = i % OBJECTIVES_PER_COURSE;

		w->objective_difficulty[i] = normal(&r);
		/* a tree: every later objective hangs on one of the earlier ones */
		w->prerequisite[i] = place == 0 ? -1 :
			i - place + choose(&r, place);
	}
}

/* --------------------------------------------------------------------------
 * One learner
 * --------------------------------------------------------------------------
 */
#define RECALL_A 0.95
#define RECALL_B 0.5
#define FIRST_STABILITY 6.0
#define LAPSE_LEFT 0.3

typedef struct Card
{
	int			seen;
	double		stability;		/* true, days */
	double		last;			/* days since start */
	double		scheduled;		/* what a plain scheduler believes, days */
	int			reviews;
	int			lapses;
	double		last_at;		/* seconds */
} Card;

typedef struct Habit
{
	int			exists;
	double		effect;
	int			slot;			/* first hour, content type or optimal minutes */
	int			new_slot;		/* after the change */
	int			change_day;		/* -1: never */
} Habit;

typedef struct Learner
{
	int			number;
	Stream		r;
	double		rate;			/* sessions a week */
	int			habits;
	int			habit_hour[3];
	double		habit_weight[3];
	Habit		peak;
	Habit		content;
	Habit		length;
	double		factor;
	double		ability;
	int			episode_start;	/* -1: none */
	int			episode_days;
	int			mission_day[7];
	int			zone;
	Card		cards[CARDS];
	int			seen[CARDS];
	int			seen_count;
	int			known;			/* seen before this session */
	int			order[CARDS];	/* new cards come in this order */
	double		load_noise;
	double		error_baseline;
	double		load_sum;
	int			load_count;
	int			drawn[OBJECTIVES];	/* struggle decided */
} Learner;

static int
habit_slot(const Habit *h, int day)
{
	return h->change_day >= 0 && day >= h->change_day ? h->new_slot : h->slot;
}

static int
in_peak(const Learner *l, int hour, int day)
{
	int			offset = (hour - habit_slot(&l->peak, day) + 24) % 24;

	return l->peak.exists && offset < 3;
}

/* A window of three hours: over one of the usual hours with probability 0.7. */
static int
draw_window(Learner *l)
{
	if (chance(&l->r, 0.7))
		return (l->habit_hour[choose(&l->r, l->habits)] - choose(&l->r, 3) + 24) % 24;
	return choose(&l->r, 24);
}

static void
maybe_change(Learner *l, Habit *h, int days, int new_slot)
{
	h->change_day = -1;
	h->new_slot = new_slot;
	if (h->exists && chance(&l->r, 0.1))
		h->change_day = choose(&l->r, days);
}

static void
make_learner(Learner *l, int number, uint64_t seed, int days)
{
	Stream	   *r = &l->r;
	double		total = 0;
	int			i;

	memset(l, 0, sizeof(*l));
	l->number = number;
	stream_seed(r, seed, (uint64_t) number);
	l->rate = between(r, 3, 8);
	l->habits = 1 + choose(r, 3);
	for (i = 0; i < l->habits; i++)
	{
		l->habit_hour[i] = 6 + choose(r, 17);
		l->habit_weight[i] = between(r, 0.5, 1.5);
		total += l->habit_weight[i];
	}
	for (i = 0; i < l->habits; i++)
		l->habit_weight[i] /= total;

	l->peak.exists = chance(r, 0.5);
	l->peak.effect = l->peak.exists ? between(r, 0.10, 0.20) : 0;
	l->peak.slot = draw_window(l);
	maybe_change(l, &l->peak, days, draw_window(l));
	l->content.exists = chance(r, 0.3);
	l->content.effect = l->content.exists ? 0.08 : 0;
	l->content.slot = choose(r, CONTENT_TYPES);
	maybe_change(l, &l->content, days,
				 (l->content.slot + 1 + choose(r, CONTENT_TYPES - 1)) % CONTENT_TYPES);
	l->length.exists = chance(r, 0.3);
	l->length.effect = l->length.exists ? 0.04 : 0;
	l->length.slot = (int) between(r, 25, 61);
	maybe_change(l, &l->length, days, (int) between(r, 25, 61));

	l->factor = exp(0.4 * normal(r));
	l->ability = normal(r);
	l->episode_start = -1;
	if (chance(r, 0.15) && days > 29)
	{
		l->episode_start = 28 + choose(r, days - 28);
		l->episode_days = 10 + choose(r, 12);
	}
	for (i = 0; i < 5; i++)
	{
		int			day;

		do
			day = choose(r, 7);
		while (l->mission_day[day]);
		l->mission_day[day] = 1;
	}
	/* half of the learners live where clocks change */
	l->zone = chance(r, 0.5) ? choose(r, 2) : 2 + choose(r, 2);
	for (i = 0; i < CARDS; i++)
		l->order[i] = i;
	/* within a course in order, courses interleaved by the learner's taste */
	for (i = CARDS - 1; i > 0; i--)
	{
		int			j = i - choose(r, i < 20 ? i + 1 : 20);
		int			t = l->order[i];

		l->order[i] = l->order[j];
		l->order[j] = t;
	}
	l->error_baseline = 0.35;
}

static double
recall(const Card *card, double now)
{
	return RECALL_A * pow(1.0 + fmax(now - card->last, 0) / card->stability, -RECALL_B);
}

static int
objective_of(int card)
{
	return card / CARDS_PER_OBJECTIVE;
}

static int
pick_hour(Learner *l)
{
	double		u;
	int			i;

	if (chance(&l->r, 0.2))
		return choose(&l->r, 24);
	u = uniform(&l->r);
	for (i = 0; i < l->habits - 1; i++)
	{
		if (u < l->habit_weight[i])
			break;
		u -= l->habit_weight[i];
	}
	return l->habit_hour[i];
}

/*
 * 15 % new cards, else of five seen cards the one whose time has come.  While a
 * learner knows no card from an earlier session, the picks are new: otherwise
 * the first session would repeat one card twenty times within minutes.
 */
static int
pick_card(Learner *l, double now, int *is_new)
{
	int			best = -1;
	double		best_distance = 0;
	int			i;

	*is_new = l->seen_count < CARDS &&
		(l->known == 0 ||
		 chance(&l->r, 0.15));
	if (*is_new)
		return l->order[l->seen_count];
	for (i = 0; i < 5; i++)
	{
		int			card = l->seen[choose(&l->r, l->seen_count)];
		double		distance = fabs((now - l->cards[card].last) /
									l->cards[card].stability - 1.0);

		if (best < 0 || distance < best_distance)
		{
			best = card;
			best_distance = distance;
		}
	}
	return best;
}

/* Struggle: drawn once per learner and objective, when it is first studied. */
static void
draw_struggle(Learner *l, const World *w, int objective, double now, double load)
{
	double		mastery = 0;
	double		logit;
	double		p;
	int			before = w->prerequisite[objective];
	int			i;
	int			n = 0;

	if (before >= 0)
		for (i = before * CARDS_PER_OBJECTIVE; i < (before + 1) * CARDS_PER_OBJECTIVE; i++)
		{
			n++;
			if (l->cards[i].seen)
				mastery += recall(&l->cards[i], now);
		}
	mastery = n > 0 ? mastery / n : 1.0;
	logit = -1.2 + 1.5 * fmax(0.7 - mastery, 0) +
		1.0 * w->objective_difficulty[objective] - 1.2 * l->ability +
		0.8 * (load - 40.0) / 20.0;
	p = 1.0 / (1.0 + exp(-logit));
	l->drawn[objective] = 1;
	fprintf(out[F_TRUTH_OBJECTIVE], "l%d\tl%d:o%d\t%.4f\t%.4f\t%.6f\t%s\n", l->number,
			l->number, objective, w->objective_difficulty[objective], mastery, p,
			chance(&l->r, p) ? "t" : "f");
}

typedef struct DayCount
{
	int			reviews;
	int			correct;
	double		retention;
	double		ms;
} DayCount;

static const char *
rating_name(Learner *l, int recalled)
{
	double		u;

	if (!recalled)
		return "AGAIN";
	u = uniform(&l->r);
	return u < 0.15 ? "HARD" : u < 0.85 ? "GOOD" : "EASY";
}

/* share of an episode that has passed, -1 outside */
static double
episode_part(const Learner *l, int day)
{
	if (l->episode_start < 0 || day < l->episode_start ||
		day >= l->episode_start + l->episode_days)
		return -1;
	return (day - l->episode_start + 0.5) / l->episode_days;
}

static void
one_session(Learner *l, const World *w, int day, int hour, double midnight,
			double day_noise, DayCount *metrics, int *session_number,
			int *review_number)
{
	Stream	   *r = &l->r;
	double		part = episode_part(l, day);
	double		minutes = clamp(35.0 * exp(0.5 * normal(r)), 3, 240);
	double		start = midnight + hour * 3600.0 + choose(r, 3600);
	int			abandoned = chance(r, 0.08);
	int			content = choose(r, CONTENT_TYPES);
	double		performance;
	int			reviews = 10 + choose(r, 16);
	int			errors = 0;
	int			fresh = 0;
	double		load;
	double		error_rate;
	char		at[40];
	char		until[40];
	int			recalled[25];
	int			picked[25];
	double		truth[25];
	double		moment[25];
	double		before[25];
	double		after[25];
	int			i;
	int			number = ++*session_number;

	performance = 0.70 + day_noise + 0.15 * normal(r);
	if (in_peak(l, hour, day))
		performance += l->peak.effect;
	if (l->content.exists && content == habit_slot(&l->content, day))
		performance += l->content.effect;
	if (l->length.exists && minutes > habit_slot(&l->length, day))
		performance -= l->length.effect * (minutes - habit_slot(&l->length, day)) / 10.0;
	if (part >= 0)
		performance -= 0.15 * part;

	l->known = l->seen_count;
	for (i = 0; i < reviews; i++)
	{
		double		now = day + (start - midnight + (i + 0.5) * minutes * 60.0 / reviews) / 86400.0;
		int			is_new;
		int			number_of = pick_card(l, now, &is_new);
		Card	   *card = &l->cards[number_of];

		before[i] = card->scheduled;

		picked[i] = number_of;
		moment[i] = midnight + (now - day) * 86400.0;
		if (is_new)
		{
			/* learning: what follows the first review is recall, not this */
			truth[i] = -1;
			recalled[i] = chance(r, 0.6);
			card->seen = 1;
			card->stability = FIRST_STABILITY * l->factor * w->item_factor[number_of];
			card->scheduled = recalled[i] ? 3.0 : 1.0;
			l->seen[l->seen_count++] = number_of;
			fresh++;
		}
		else
		{
			truth[i] = recall(card, now);
			recalled[i] = chance(r, truth[i]);
			if (recalled[i])
			{
				card->stability *= w->item_growth[number_of];
				card->scheduled = fmin(card->scheduled * 2.0, 3650.0);
			}
			else
			{
				card->stability *= LAPSE_LEFT;
				card->scheduled = fmax(card->scheduled * 0.3, 0.5);
				card->lapses++;
			}
		}
		after[i] = card->scheduled;
		card->last = now;
		card->last_at = moment[i];
		card->reviews++;
		if (!recalled[i])
			errors++;
	}
	error_rate = (double) errors / reviews;
	l->load_noise = 0.6 * l->load_noise + sqrt(1 - 0.36) * 8.0 * normal(r);
	load = 35.0 + 20.0 * fmax(minutes - 45.0, 0) / 30.0 +
		25.0 * fmax(error_rate - l->error_baseline, 0) + l->load_noise;
	if (part >= 0)
		load += 20.0;
	load = clamp(load, 0, 100);
	l->error_baseline += 0.1 * (error_rate - l->error_baseline);
	l->load_sum += load;
	l->load_count++;

	stamp(at, start);
	stamp(until, start + minutes * 60.0);
	fprintf(out[F_SESSIONS], "l%d:s%d\tl%d\t%s\t", l->number, number, l->number, at);
	if (abandoned)
		fprintf(out[F_SESSIONS], "\\N\t\\N\t%d\t%d\n", reviews, fresh);
	else
		fprintf(out[F_SESSIONS], "%s\t%.0f\t%d\t%d\n", until, minutes * 60000.0, reviews, fresh);
	for (i = 0; i < reviews; i++)
	{
		int			card = picked[i];
		double		latency = 6000.0 * exp(0.5 * normal(r)) *
			(recalled[i] ? 1.0 : 1.4) * (load >= 60.0 ? 1.3 : 1.0);
		double		skew = chance(r, 0.05) ? between(r, -120, 120) : 0;
		const char *rating = rating_name(l, recalled[i]);
		int			id = ++*review_number;
		int			late = chance(r, 0.02);
		char		line[400];
		DayCount   *m = &metrics[objective_of(card)];

		if (!l->drawn[objective_of(card)])
			draw_struggle(l, w, objective_of(card), day, load);
		stamp(at, moment[i] + skew);
		sprintf(line, "l%d:r%d\tl%d\tl%d:c%d\tl%d:s%d\t%s\t%.0f\t%s\t%.3f\t%.3f\n",
				l->number, id, l->number, l->number, card, l->number, number, rating,
				latency, at, before[i], after[i]);
		/* late rows reach the tables after the others */
		fputs(line, out[late ? F_LATE_REVIEWS : F_REVIEWS]);
		if (truth[i] >= 0)
			fprintf(out[F_TRUTH_REVIEW], "l%d:r%d\tl%d\t%.6f\n", l->number, id, l->number, truth[i]);
		if (chance(r, 0.005))
			fprintf(out[F_EDITS], "l%d:r%d\t%.0f\n", l->number, id, latency * 2);
		if (chance(r, 0.002))
			fprintf(out[F_DELETES], "l%d:r%d\n", l->number, id);
		m->reviews++;
		m->ms += latency;
		m->retention += fmin(1.0, after[i] / 10.0);
		if (strcmp(rating, "GOOD") == 0 || strcmp(rating, "EASY") == 0)
			m->correct++;
	}
	if (!abandoned)
	{
		int			copies = chance(r, 0.01) ? 2 : 1;
		int			late = chance(r, 0.02);

		stamp(at, start + minutes * 60.0);
		for (i = 0; i < copies; i++)
			fprintf(out[late ? F_LATE_EVENTS : F_EVENTS],
					"l%d:e%d%s\tl%d\tSESSION_ENDED\t{\"sessionId\": \"l%d:s%d\", \"durationMs\": %.0f, \"completed\": true}\t%s\t%s\t%.0f\n",
					l->number, number, i ? "+" : "", l->number, l->number, number, minutes * 60000.0, at,
					content_names[content], clamp(floor(100.0 * performance + 0.5), 0, 100));
	}
	if (chance(r, 0.7))
	{
		stamp(at, start + minutes * 60.0);
		fprintf(out[F_LOAD], "l%d:l%d\tl%d\tl%d:s%d\t%.2f\t[]\t0.9\t%s\n", l->number, number,
				l->number, l->number, number, load, at);
	}
}

static void
write_habit(const Learner *l, const char *kind, const Habit *h)
{
	fprintf(out[F_TRUTH_HABIT], "l%d\t%s\t%s\t%.4f\t%d\t%d\t", l->number, kind,
			h->exists ? "t" : "f", h->effect, h->slot, h->new_slot);
	optional_int(out[F_TRUTH_HABIT], h->change_day);
	fputc('\n', out[F_TRUTH_HABIT]);
}

static void
one_learner(Learner *l, const World *w, int number, uint64_t seed, int days, time_t start_day)
{
	Stream	   *r = &l->r;
	int			session_number = 0;
	int			review_number = 0;
	int			withdrawn = -1;
	int			reversed;
	char		at[40];
	int			day;
	int			i;

	make_learner(l, number, seed, days);
	setenv("TZ", zones[l->zone], 1);
	tzset();
	for (day = 0; day < days && withdrawn < 0; day++)
	{
		time_t		noon = start_day + (time_t) day * 86400;
		struct tm	local;
		double		midnight;
		double		part = episode_part(l, day);
		double		day_noise = 0.05 * normal(r);
		DayCount	metrics[OBJECTIVES] = {{0}};
		int			sessions;
		int			hours[MAX_SESSIONS];
		int			weekday = (int) ((start_day / 86400 + 4 + day) % 7);

		gmtime_r(&noon, &local);
		local.tm_hour = local.tm_min = local.tm_sec = 0;
		local.tm_isdst = -1;
		midnight = (double) mktime(&local);

		if (l->mission_day[weekday])
		{
			double		u = uniform(r);
			double		skip = part >= 0 ? 0.40 : 0.10;
			const char *status = u < skip ? "SKIPPED" : u < skip + 0.05 ? "IN_PROGRESS" : "COMPLETED";
			double		actual = 50.0 * exp(0.25 * normal(r));

			stamp(at, midnight + 8 * 3600.0);
			fprintf(out[F_MISSIONS], "l%d:m%d\tl%d\t%s\t%s\t50\t", l->number, day, l->number, at, status);
			if (status[0] == 'C')
			{
				stamp(at, midnight + 20 * 3600.0);
				fprintf(out[F_MISSIONS], "%s\t%.0f\t[]\n", at, actual);
			}
			else
				fprintf(out[F_MISSIONS], "\\N\t\\N\t[]\n");
		}
		sessions = poisson(r, l->rate / 7.0 * (part < 0 ? 1.0 : part < 0.5 ? 1.5 : 0.5));
		if (sessions > MAX_SESSIONS)
			sessions = MAX_SESSIONS;
		for (i = 0; i < sessions; i++)
			hours[i] = pick_hour(l);
		qsort(hours, sessions, sizeof(int), compare_ints);
		for (i = 0; i < sessions; i++)
			one_session(l, w, day, hours[i], midnight, day_noise, metrics, &session_number, &review_number);
		for (i = 0; i < OBJECTIVES; i++)
			if (metrics[i].reviews > 0)
			{
				stamp(at, midnight);
				fprintf(out[F_METRICS], "l%d:p%d.%d\tl%d\tl%d:o%d\t%s\t%.4f\t%.0f\t%d\t%d\t%d\n",
						l->number, day, i, l->number, l->number, i, at,
						metrics[i].retention / metrics[i].reviews, metrics[i].ms,
						metrics[i].reviews, metrics[i].correct, metrics[i].reviews - metrics[i].correct);
			}
		if (chance(r, 0.001 * (part >= 0.5 ? 10 : 1)))
			withdrawn = day;
	}

	fprintf(out[F_USERS], "l%d\t%s\t%s\n", number, chance(r, 0.03) ? "f" : "t", chance(r, 0.05) ? "f" : "t");
	fprintf(out[F_LEARNER], "l%d\t%s\n", number, zones[l->zone]);
	for (i = 0; i < COURSES; i++)
	{
		fprintf(out[F_COURSES], "l%d:k%d\tl%d\tCourse %d\n", number, i, number, i + 1);
		fprintf(out[F_LECTURES], "l%d:k%d\tl%d\tl%d:k%d\tLecture %d\tlecture-%d.pdf\t\t0\n", number, i, number, number, i, i + 1, i + 1);
	}
	for (i = 0; i < OBJECTIVES; i++)
	{
		double		d = w->objective_difficulty[i];

		fprintf(out[F_OBJECTIVES], "l%d:o%d\tl%d:k%d\tObjective %d\tsimulator\t%s\n", number, i, number,
				i / OBJECTIVES_PER_COURSE, i + 1, d < -0.5 ? "BASIC" : d > 0.5 ? "ADVANCED" : "INTERMEDIATE");
		if (w->prerequisite[i] >= 0)
			fprintf(out[F_PREREQUISITES], "l%d:q%d\tl%d:o%d\tl%d:o%d\n", number, i, number, i, number, w->prerequisite[i]);
	}
	for (i = 0; i < CARDS; i++)
	{
		Card	   *c = &l->cards[i];

		fprintf(out[F_CARDS], "l%d:c%d\tl%d:k%d\tl%d:k%d\tl%d:o%d\tCard %d\t\t%.3f\t", number, i,
				number, objective_of(i) / OBJECTIVES_PER_COURSE, number, objective_of(i) / OBJECTIVES_PER_COURSE,
				number, objective_of(i), i + 1, c->scheduled);
		if (c->seen)
		{
			char		due[40];

			stamp(at, c->last_at);
			stamp(due, c->last_at + c->scheduled * 86400.0);
			fprintf(out[F_CARDS], "%s\t%s\t%d\t%d\n", at, due, c->reviews, c->lapses);
		}
		else
			fprintf(out[F_CARDS], "\\N\t\\N\t0\t0\n");
	}
	fprintf(out[F_TRUTH_LEARNER], "l%d\t%.4f\t%.4f\t%.6f\t%.4f\t", number, l->rate, l->factor,
			3.0 * FIRST_STABILITY * l->factor * w->median_item_factor, l->ability);
	if (l->episode_start >= 0)
		fprintf(out[F_TRUTH_LEARNER], "%d\t%d\t", l->episode_start, l->episode_days);
	else
		fprintf(out[F_TRUTH_LEARNER], "\\N\t\\N\t");
	optional_int(out[F_TRUTH_LEARNER], withdrawn);
	fprintf(out[F_TRUTH_LEARNER], "\t%s\n", zones[l->zone]);
	write_habit(l, "peak_hours", &l->peak);
	write_habit(l, "content", &l->content);
	write_habit(l, "session_length", &l->length);
	reversed = chance(r, 0.2);
	for (i = 0; i < ARMS; i++)
	{
		double		mean = 0.50 + 0.05 * (reversed ? ARMS - 1 - i : i) + 0.08 * normal(r);

		if (i == 0 && l->habit_hour[0] >= 18)
			mean += 0.10;
		fprintf(out[F_TRUTH_ARM], "l%d\t%s\t%.4f\t%s\n", number, arm_names[i], clamp(mean, 0.01, 0.99), reversed ? "t" : "f");
	}
}

static void
usage(void)
{
	fprintf(stderr, "usage: simulate --learners N --days D --seed S --out DIR [--start YYYY-MM-DD]\n");
	exit(2);
}

int
main(int argc, char **argv)
{
	long		learners = 0;
	long		days = 182;
	long		seed = 1;
	const char *folder = NULL;
	const char *start = "2026-01-05";
	struct tm	tm = {0};
	time_t		start_day;
	World		world;
	Learner    *learner = malloc(sizeof(Learner));
	int			i;

	for (i = 1; i + 1 < argc; i += 2)
	{
		if (strcmp(argv[i], "--learners") == 0)
			learners = atol(argv[i + 1]);
		else if (strcmp(argv[i], "--days") == 0)
			days = atol(argv[i + 1]);
		else if (strcmp(argv[i], "--seed") == 0)
			seed = atol(argv[i + 1]);
		else if (strcmp(argv[i], "--out") == 0)
			folder = argv[i + 1];
		else if (strcmp(argv[i], "--start") == 0)
			start = argv[i + 1];
		else
			usage();
	}
	if (i != argc || learner == NULL || learners < 1 || learners > 1000000 || days < 1 ||
		days > MAX_DAYS || folder == NULL ||
		sscanf(start, "%d-%d-%d", &tm.tm_year, &tm.tm_mon, &tm.tm_mday) != 3)
		usage();
	tm.tm_year -= 1900;
	tm.tm_mon -= 1;
	setenv("TZ", "UTC", 1);
	tzset();
	start_day = mktime(&tm);

	if (mkdir(folder, 0777) != 0 && errno != EEXIST)
	{
		perror(folder);
		return 1;
	}
	for (i = 0; i < FILES; i++)
	{
		char		path[4096];

		snprintf(path, sizeof(path), "%s/%s.tsv", folder, file_names[i]);
		out[i] = fopen(path, "w");
		if (out[i] == NULL)
		{
			perror(path);
			return 1;
		}
		setvbuf(out[i], NULL, _IOFBF, 1 << 20);
	}
	make_world(&world, (uint64_t) seed);
	for (i = 1; i <= learners; i++)
	{
		one_learner(learner, &world, i, (uint64_t) seed, (int) days, start_day);
		if (i % 500 == 0 || i == learners)
			fprintf(stderr, "simulated %d of %ld learners\n", i, learners);
	}
	for (i = 0; i < FILES; i++)
		if (fclose(out[i]) != 0)
		{
			perror(file_names[i]);
			return 1;
		}
	free(learner);
	return 0;
}
