/*
 * suspect.c
 *		Faults planted on purpose, to see that static analysis finds them.
 */
#include <stdlib.h>

int			suspect(int n);

int
suspect(int n)
{
	int			bytes[4];
	int		   *p = malloc(sizeof(int));

	if (n > 5 && p == NULL)
		return bytes[4];
	*p = n;
	return *p;
}
