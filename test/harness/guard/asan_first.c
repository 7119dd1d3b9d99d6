/*
 * asan_first.c
 *		Wakes the address sanitizer before any library's constructor runs.
 *
 * The sanitizer starts at the first malloc.  In Debian's server that is inside
 * of bindtextdomain, called by the constructor of libgpg-error with a lock of
 * the C library held; the sanitizer's start looks up a message, takes and gives
 * back the same lock, and the server then waits for it for ever.  Linked with
 * -z initfirst and loaded behind the sanitizer, this makes the first malloc
 * happen where no lock is held.
 */
#include <stdlib.h>

static void __attribute__((constructor))
wake_sanitizer(void)
{
	void	   *volatile piece = malloc(1);

	free(piece);
}
