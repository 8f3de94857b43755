/* test_fill.c: a SQLite store that is being filled: whole
 * with a durable batch, broken by the first failure. */
#include "tests/unit/core/store/helper.h"

#include "core/err.h"
#include "tests/unit/core/store/fault_vfs.h"

#include <sqlite3.h>

#define PASSAGE                                                                                    \
    "INSERT INTO chunk (id, content_id, ordinal, start_at, end_at, name, title, heading, text) "   \
    "VALUES ($1, 'c', $1, 0, 1, 'n', 't', 'h', $2)"
#define VECTOR                                                                                     \
    "INSERT INTO vector (chunk_id, model, ordinal, start_at, end_at, data) "                       \
    "VALUES ($1, 'm', 0, 0, 1, $2)"

static void open_filling(struct fixture *f)
{
    const struct store_options options = {.env = core_env_real(),
                                          .url = "sqlite",
                                          .data_dir = f->dir,
                                          .readers_max = 2,
                                          .vfs = f->vfs,
                                          .filling = true};

    assert_int_equal(store_open(&options, &f->store, f->why, sizeof f->why), 0);
}

static int put_passage(struct fixture *f, int64_t id, const char *text)
{
    struct store_batch *b = store_batch_new(STORE_RELAXED);

    store_put(b, 1, PASSAGE, STORE_I(id), STORE_C(text));
    store_put(b, 1, VECTOR, STORE_I(id), STORE_B("x", 1));
    return store_write_wait(f->store, b);
}

static void check_words(struct fixture *f)
{
    sqlite3 *db;

    assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db,
                                  "INSERT INTO chunk_fts (chunk_fts) VALUES ('integrity-check')",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void rows_are_there_with_the_next_durable_ones(void **state)
{
    struct fixture *f = *state;

    open_filling(f);
    assert_int_equal(put_passage(f, 1, "one lantern"), 0);
    assert_int_equal(put_one(f, STORE_DURABLE, "a", "1"), 0);
    assert_int_equal(put_passage(f, 2, "two lanterns"), 0);
    assert_int_equal(put_passage(f, 3, "a bell"), 0);
    assert_int_equal(put_one(f, STORE_DURABLE, "b", "1"), 0);
    assert_int_equal(put_passage(f, 4, "never whole"), 0);
    fixture_reopen(f);
    assert_int_equal(read_one(f, "SELECT COUNT(*) FROM chunk"), 3);
    /* The rows alone: no trigger counted vectors. */
    assert_int_equal(count_rows(f), 2);
    assert_int_equal(read_one(f, "SELECT COUNT(*) FROM chunk_fts WHERE chunk_fts MATCH 'lantern'"),
                     2);
    /* As any other from here on. */
    assert_int_equal(put_passage(f, 5, "the last lantern"), 0);
    assert_int_equal(read_one(f, "SELECT COUNT(*) FROM chunk_fts WHERE chunk_fts MATCH 'lantern'"),
                     3);
    assert_int_equal(count_rows(f), 3);
    fixture_close(f);
    check_words(f);
}

static void the_first_failure_is_the_last(void **state)
{
    struct fixture *f = *state;

    open_filling(f);
    assert_int_equal(put_passage(f, 1, "one"), 0);
    assert_int_equal(put_passage(f, 1, "one again"), CORE_EEXISTS);
    assert_int_equal(put_passage(f, 2, "two"), CORE_EEXISTS);
    assert_int_equal(put_one(f, STORE_DURABLE, "a", "1"), CORE_EEXISTS);
    fixture_reopen(f);
    assert_int_equal(read_one(f, "SELECT COUNT(*) FROM chunk"), 0);
}

static void a_disk_that_fails_is_told_at_the_durable_one(void **state)
{
    struct fixture *f = *state;

    fault_vfs_reset();
    f->vfs = FAULT_VFS;
    open_filling(f);
    assert_int_equal(put_passage(f, 1, "one"), 0);
    atomic_store(&fault_vfs.sync_code, SQLITE_IOERR_FSYNC);
    assert_int_equal(put_one(f, STORE_DURABLE, "a", "1"), CORE_EIO);
    assert_true(atomic_load(&fault_vfs.syncs_failed) > 0);
    fault_vfs_reset();
    /* Not even when it works again. */
    assert_int_equal(put_one(f, STORE_DURABLE, "b", "1"), CORE_EIO);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_set_up_closed, fixture_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(rows_are_there_with_the_next_durable_ones),
        TEST(the_first_failure_is_the_last),
        TEST(a_disk_that_fails_is_told_at_the_durable_one),
    };
    return cmocka_run_group_tests_name("core_store_fill", tests, NULL, NULL);
}
