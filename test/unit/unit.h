/*
 * unit.h
 *		A small harness: checks in test functions, one TAP line per function.
 *
 * A program is a list of TEST(name) { CHECK...; } and a main() of RUN(name)
 * lines between UNIT_BEGIN(number of tests) and UNIT_END().  A test that
 * checks nothing fails.  Exit status 1 when any test failed or the number of
 * tests is not the one planned.
 */
#ifndef UNIT_H
#define UNIT_H

#include <math.h>
#include <stdio.h>

static int	unit_planned;
static int	unit_run;
static int	unit_failed_tests;
static long unit_checks;
static long unit_failures;

/* Show the first failures of a test in full, then count only. */
#define UNIT_SHOWN		10

static void
unit_result(int ok, const char *file, int line, const char *what)
{
	unit_checks++;
	if (!ok && unit_failures++ < UNIT_SHOWN)
		printf("# %s:%d: failed: %s\n", file, line, what);
}

/* The relative error of found, or the absolute one where expected is 0. */
static double
unit_error(double found, double expected)
{
	if (found == expected)
		return 0.0;
	if (!isfinite(found) || !isfinite(expected))
		return INFINITY;
	return fabs(found - expected) / (expected == 0.0 ? 1.0 : fabs(expected));
}

static void
unit_close(double found, double expected, double tolerance,
		   const char *file, int line, const char *what)
{
	double		error = unit_error(found, expected);
	int			ok = error <= tolerance;

	if (!ok && unit_failures < UNIT_SHOWN)
		printf("# %s:%d: found %.17g, expected %.17g, error %.2g > %.2g\n",
			   file, line, found, expected, error, tolerance);
	unit_result(ok, file, line, what);
}

static void
unit_begin(int planned)
{
	unit_planned = planned;
	printf("1..%d\n", planned);
}

static void
unit_test(void (*test) (void), const char *name)
{
	unit_checks = 0;
	unit_failures = 0;
	test();
	if (unit_checks == 0)
		printf("# no check was made\n");
	if (unit_failures > 0)
		printf("# %ld of %ld checks failed\n", unit_failures, unit_checks);
	unit_run++;
	if (unit_checks == 0 || unit_failures > 0)
	{
		unit_failed_tests++;
		printf("not ");
	}
	printf("ok %d - %s\n", unit_run, name);
	fflush(stdout);
}

static int
unit_end(void)
{
	if (unit_run != unit_planned)
		printf("# planned %d tests, ran %d\n", unit_planned, unit_run);
	return unit_failed_tests > 0 || unit_run != unit_planned;
}

#define TEST(name)		static void test_##name(void)
#define RUN(name)		unit_test(test_##name, #name)
#define UNIT_BEGIN(n)	unit_begin(n)
#define UNIT_END()		return unit_end()

#define CHECK(condition) \
	unit_result((condition) ? 1 : 0, __FILE__, __LINE__, #condition)

/* Equal, both NaN counted as different; use CHECK_NAN for that. */
#define CHECK_EQ(found, expected) \
	unit_close((found), (expected), 0.0, __FILE__, __LINE__, #found " == " #expected)

/* Relative error at most tolerance (absolute where expected is 0). */
#define CHECK_CLOSE(found, expected, tolerance) \
	unit_close((found), (expected), (tolerance), __FILE__, __LINE__, #found " ~ " #expected)

#define CHECK_NAN(found) \
	unit_result(isnan(found) ? 1 : 0, __FILE__, __LINE__, "isnan(" #found ")")

#endif							/* UNIT_H */
