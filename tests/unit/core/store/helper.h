/* helper.h: what the tests of the store share: a folder of their own, opening, one-line writes. */
#ifndef TESTS_UNIT_CORE_STORE_HELPER_H
#define TESTS_UNIT_CORE_STORE_HELPER_H

#include "core/store/store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define PUT "INSERT INTO setting (key, value) VALUES ($1, $2)"
#define COUNT "SELECT count(*) FROM setting"

struct fixture {
    char dir[128];
    char path[160];  /* of the database */
    const char *vfs; /* for the next opening */
    struct core_loop *loop;
    struct store *store;
    char why[256];
};

/* For cmocka: a folder, a loop, an open store. */
int fixture_set_up(void **state);
/* The same with no store yet. */
int fixture_set_up_closed(void **state);
int fixture_tear_down(void **state);

/* The code of store_open(); the sentence is in f->why. */
int fixture_try_open(struct fixture *f);
void fixture_open(struct fixture *f);
void fixture_close(struct fixture *f);
void fixture_reopen(struct fixture *f);

int put_one(struct fixture *f, enum store_durability durability, const char *key,
            const char *value);
int64_t count_rows(struct fixture *f);
int64_t read_one(struct fixture *f, const char *sql);
/* A cheap generator: the same seed gives the same numbers everywhere. */
uint64_t dice(uint64_t *seed);
/* The default, or SKY_SEED of the environment. */
uint64_t chosen_seed(uint64_t otherwise);

#endif
