/* memory.h: do bytes linger in this program's memory? */
#ifndef TESTS_UNIT_CORE_MEMORY_H
#define TESTS_UNIT_CORE_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

enum { MEMORY_SECRET = 48 };

/* Secret number n, printable. What the caller makes of it is the caller's to wipe. */
void memory_secret(unsigned n, char ret[static MEMORY_SECRET]);
/* Is secret n anywhere in memory that is, or was, allocated? Freeing writes over the first bytes of
 * a block: put something before the secret. */
bool memory_holds(unsigned n);

#endif
