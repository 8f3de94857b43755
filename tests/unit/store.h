/*
 * store.h: which store the tests open: SQLite, or, with SKY_TEST_STORE=postgresql, a schema of
 * their own in the database
 * of SKY_TEST_STORE_PG:   tests/e2e/postgres.py run meson test -C build --suite postgresql
 */
#ifndef TESTS_UNIT_STORE_H
#define TESTS_UNIT_STORE_H

#include <stdbool.h>

/* For store_options.url. The same data folder gets the same store; a new one an empty one. Valid
 * until the next call. */
const char *test_store_url(const char *data_dir);
/* Not SQLite: what a test does to the file or its disk has no meaning. */
bool test_store_is_pg(void);

#endif
