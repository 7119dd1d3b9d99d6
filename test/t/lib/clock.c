/*
 * clock.c
 *	  A clock that a test can set: gettimeofday() is ahead of the real time by
 *	  as many microseconds as the file named in BTWIN_TEST_CLOCK says.
 *
 * Preloaded into a server, so that days pass between two statements. Waiting
 * and timeouts of the server stay real, they ask another clock.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>

static const volatile int64_t *ahead;

__attribute__((constructor)) static void
open_clock(void)
{
	const char *name = getenv("BTWIN_TEST_CLOCK");
	int			file = name ? open(name, O_RDONLY | O_CLOEXEC) : -1;
	void	   *page;

	if (file < 0)
		return;
	page = mmap(NULL, sizeof(int64_t), PROT_READ, MAP_SHARED, file, 0);
	if (page != MAP_FAILED)
		ahead = page;
}

int
gettimeofday(struct timeval *restrict tv, void *restrict tz)
{
	struct timespec real;
	int64_t		us;

	(void) tz;
	if (clock_gettime(CLOCK_REALTIME, &real) != 0)
		return -1;
	us = real.tv_sec * INT64_C(1000000) + real.tv_nsec / 1000 + (ahead ? *ahead : 0);
	tv->tv_sec = us / 1000000;
	tv->tv_usec = us % 1000000;
	return 0;
}
