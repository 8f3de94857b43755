/* helper.h: a store and the accounts over it in a
 * folder of their own, with clocks that the test moves. */
#ifndef TESTS_UNIT_ACCOUNT_HELPER_H
#define TESTS_UNIT_ACCOUNT_HELPER_H

#include "account/account.h"

#include <stdint.h>

struct house {
    char dir[64];
    const char *vfs; /* for the store's options */
    struct core_loop *loop;
    struct store *store;
    struct accounts *accounts;
};

extern struct core_env helper_env;
/* The store's writer looks at the clocks too. */
extern _Atomic int64_t helper_wall_shift_ms;
extern _Atomic uint64_t helper_mono_shift_ns;
/* Called once, in the middle of whatever draws random bytes next: what happens meanwhile. */
extern void (*_Atomic helper_meanwhile)(void);

/* For cmocka: *state is the house. */
int helper_setup(void **state);
/* Its disk is fault_vfs.h's: for SQLite alone. */
int helper_setup_faulty(void **state);
int helper_teardown(void **state);
/* What a restart does. */
void helper_house_open(struct house *h);
void helper_house_close(struct house *h);

#endif
