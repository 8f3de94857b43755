/*
 * test_model.c: random batches against a trivial model, and readers on other threads, who must
 * never see half a batch. SKY_SEED chooses another course of the first.
 */
#include "tests/unit/core/store/helper.h"

#include "core/err.h"
#include "tests/unit/store.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define READERS 3 /* connections of the fixture's store */
#define UPSERT                                                                                     \
    "INSERT INTO setting (value, key) VALUES ($2, $1)"                                             \
    " ON CONFLICT (key) DO UPDATE SET value = excluded.value"
#define CHANGE "UPDATE setting SET value = $2 WHERE key = $1"
#define REMOVE "DELETE FROM setting WHERE key = $1"
#define COUNT "SELECT count(*) FROM setting"
#define ADD "UPDATE setting SET value = CAST(CAST(value AS BIGINT) + $1 AS TEXT)"

/* --- Against a model ------------------------------------------------------------------------ */

#define KEYS 24
#define ROUNDS 3000

struct model {
    int value[KEYS]; /* 0 = no such row */
};

/* One random statement, to the batch and to the model; returns what the store must say. */
static int random_statement(uint64_t *seed, struct store_batch *b, struct model *m)
{
    unsigned k = dice(seed) % KEYS;
    int v = 1 + (int)(dice(seed) % 1000);
    bool expects = dice(seed) % 4 != 0;
    bool there = m->value[k] != 0;
    char key[16];
    char value[16];

    snprintf(key, sizeof key, "k%02u", k);
    snprintf(value, sizeof value, "%d", v);
    switch (dice(seed) % 8) {
    case 0:
    case 1:
        store_put(b, 1, PUT, STORE_C(key), STORE_C(value));
        if (there)
            return CORE_EEXISTS;
        m->value[k] = v;
        return 0;
    case 2:
    case 3:
        store_put(b, 1, UPSERT, STORE_C(key), STORE_C(value));
        m->value[k] = v;
        return 0;
    case 4:
    case 5:
        store_put(b, expects ? 1 : STORE_ROWS_ANY, CHANGE, STORE_C(key), STORE_C(value));
        if (there)
            m->value[k] = v;
        return expects && !there ? CORE_EMISMATCH : 0;
    case 6:
        store_put(b, expects ? 1 : STORE_ROWS_ANY, REMOVE, STORE_C(key));
        m->value[k] = 0;
        return expects && !there ? CORE_EMISMATCH : 0;
    default:
        store_put(b, there, "SELECT 1 FROM setting WHERE key = $1", STORE_C(key));
        return 0;
    }
}

static int compare_row(void *arg, const struct store_row *row)
{
    struct model *rest = arg;
    int64_t k;

    assert_int_equal(core_str_to_i64(core_strn(store_row_str(row, 0).ptr + 1, 2), 0, KEYS, &k), 0);
    assert_int_equal(store_row_i64(row, 1), rest->value[k]);
    rest->value[k] = 0;
    return 0;
}

static void compare(struct fixture *f, const struct model *m)
{
    struct model rest = *m;

    assert_int_equal(
        store_read(f->store, "SELECT key, value FROM setting", NULL, 0, compare_row, &rest), 0);
    for (int k = 0; k < KEYS; k++)
        assert_int_equal(rest.value[k], 0);
}

static void random_batches_match_a_model(void **state)
{
    struct fixture *f = *state;
    uint64_t seed = chosen_seed(20260131);
    struct model model = {{0}};
    unsigned refused = 0;

    for (int round = 0; round < ROUNDS; round++) {
        struct store_batch *b = store_batch_new(dice(&seed) % 50 ? STORE_RELAXED : STORE_DURABLE);
        struct model next = model;
        unsigned n = 1 + dice(&seed) % 6;
        int expected = 0;

        for (unsigned i = 0; i < n; i++) {
            int said = random_statement(&seed, b, &next);
            if (expected == 0)
                expected = said;
        }
        assert_int_equal(store_write_wait(f->store, b), expected);
        if (expected == 0)
            model = next;
        refused += expected != 0;
        if (round % 20 == 0)
            compare(f, &model);
        if (round % 500 == 499)
            fixture_reopen(f);
    }
    compare(f, &model);
    assert_true(refused > ROUNDS / 10 && refused < ROUNDS * 9 / 10);
}

/* --- Threads -------------------------------------------------------------------------------- */

/* Two rows whose values always add up to 1000: no reader may ever see anything else. */
#define TRANSFERS 400

struct reading {
    pthread_t thread;
    struct fixture *f;
    atomic_bool *stop;
    unsigned reads;
    bool wrong;
};

static int sum_twice(void *arg)
{
    struct reading *r = arg;
    int64_t a = 0;
    int64_t b = 0;

    /* Separate reads of one snapshot. */
    if (store_read_i64(r->f->store, "SELECT value FROM setting WHERE key = 'a'", NULL, 0, &a) < 0 ||
        store_read_i64(r->f->store, "SELECT value FROM setting WHERE key = 'b'", NULL, 0, &b) < 0)
        return CORE_EINTERNAL;
    r->reads++;
    r->wrong |= a + b != 1000;
    return 0;
}

static void *reader_main(void *arg)
{
    struct reading *r = arg;

    while (!atomic_load(r->stop)) {
        if (store_snapshot(r->f->store, sum_twice, r) != 0)
            r->wrong = true;
    }
    return NULL;
}

static void readers_see_whole_batches(void **state)
{
    struct fixture *f = *state;
    enum { N = 5 }; /* more threads than connections */
    struct reading readings[N];
    atomic_bool stop = false;
    int64_t a;

    assert_int_equal(put_one(f, STORE_RELAXED, "a", "1000"), 0);
    assert_int_equal(put_one(f, STORE_RELAXED, "b", "0"), 0);
    for (int i = 0; i < N; i++) {
        readings[i] = (struct reading){.f = f, .stop = &stop};
        pthread_create(&readings[i].thread, NULL, reader_main, &readings[i]);
    }
    for (int i = 1; i <= TRANSFERS; i++) {
        struct store_batch *b = store_batch_new(STORE_RELAXED);
        store_put(b, 1, ADD " WHERE key = 'a'", STORE_I(-1));
        store_put(b, 1, ADD " WHERE key = 'b'", STORE_I(1));
        assert_int_equal(store_write_wait(f->store, b), 0);
        /* Acknowledged means visible to whoever begins to read now. */
        assert_int_equal(
            store_read_i64(f->store, "SELECT value FROM setting WHERE key = 'b'", NULL, 0, &a), 0);
        assert_int_equal(a, i);
    }
    atomic_store(&stop, true);
    for (int i = 0; i < N; i++) {
        pthread_join(readings[i].thread, NULL);
        assert_false(readings[i].wrong);
    }
}

struct nest {
    struct fixture *f;
    unsigned depth;
    unsigned rows;
};

#define KEYS_SQL "SELECT key FROM setting ORDER BY key"

static int nested_row(void *arg, const struct store_row *row)
{
    struct nest *n = arg;
    struct core_str key = store_row_str(row, 0);
    int err = 0;

    n->rows++;
    /* The same SQL again, deeper than there are connections. */
    if (n->depth < READERS + 2) {
        n->depth++;
        err = store_read(n->f->store, KEYS_SQL, NULL, 0, nested_row, n);
        n->depth--;
    }
    assert_int_equal(key.len, 1); /* this row is still the current one */
    return err;
}

static int stop_at_second(void *arg, const struct store_row *row)
{
    (void)row;
    return ++*(int *)arg == 2 ? 77 : 0;
}

static void reads_nest_and_stop(void **state)
{
    struct fixture *f = *state;
    struct nest n = {.f = f};
    int rows = 0;

    assert_int_equal(put_one(f, STORE_RELAXED, "a", "1"), 0);
    assert_int_equal(put_one(f, STORE_RELAXED, "b", "1"), 0);
    assert_int_equal(store_read(f->store, KEYS_SQL, NULL, 0, nested_row, &n), 0);
    assert_int_equal(n.rows, 2 + 4 + 8 + 16 + 32 + 64);
    assert_int_equal(put_one(f, STORE_RELAXED, "c", "1"), 0);
    assert_int_equal(store_read(f->store, KEYS_SQL, NULL, 0, stop_at_second, &rows), 77);
    assert_int_equal(rows, 2);
}

/* 40 MB, in rows of 100 KB. */
#define LONG_SQL                                                                                   \
    "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 400)"               \
    " SELECT i, $1 FROM n"

struct long_read {
    struct fixture *f;
    unsigned rows;
    bool reads_on;
};

static int on_long_row(void *arg, const struct store_row *row)
{
    struct long_read *l = arg;
    int64_t n = 0;

    assert_int_equal(store_row_str(row, 1).len, 100000);
    return l->rows++ == 0 && l->reads_on ? store_read_i64(l->f->store, COUNT, NULL, 0, &n) : 0;
}

/* A session of PostgreSQL has to fetch the rest of the answer before it can ask anything else. */
static void what_is_kept_for_later_has_a_cap(void **state)
{
    struct long_read l = {.f = *state};
    char *text = malloc(100000);
    int64_t n = -1;

    memset(text, 'x', 100000);
    const struct store_value params[] = {STORE_T(core_strn(text, 100000))};
    assert_int_equal(store_read(l.f->store, LONG_SQL, params, 1, on_long_row, &l), 0);
    assert_int_equal(l.rows, 400);
    l = (struct long_read){.f = *state, .reads_on = true};
    assert_int_equal(store_read(l.f->store, LONG_SQL, params, 1, on_long_row, &l),
                     test_store_is_pg() ? CORE_ETOOBIG : 0);
    assert_true(test_store_is_pg() ? l.rows < 400 : l.rows == 400);
    assert_int_equal(store_read_i64(l.f->store, COUNT, NULL, 0, &n), 0);
    free(text);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_set_up, fixture_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(random_batches_match_a_model),
        TEST(readers_see_whole_batches),
        TEST(reads_nest_and_stop),
        TEST(what_is_kept_for_later_has_a_cap),
    };
    return cmocka_run_group_tests_name("core_store_model", tests, NULL, NULL);
}
