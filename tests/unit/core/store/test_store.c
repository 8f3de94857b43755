/* test_store.c: the store through its face: values, batches, answers. */
#include "tests/unit/core/store/helper.h"
#include "tests/unit/store.h"

#include "core/err.h"
#include "core/limits.h"
#include "core/mem.h"
#include "core/metrics.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <sys/stat.h>

#define UPSERT                                                                                     \
    "INSERT INTO setting (value, key) VALUES ($2, $1)"                                             \
    " ON CONFLICT (key) DO UPDATE SET value = excluded.value"
#define CHANGE "UPDATE setting SET value = $2 WHERE key = $1"
#define REMOVE "DELETE FROM setting WHERE key = $1"
#define COUNT "SELECT count(*) FROM setting"

/* --- Values --------------------------------------------------------------------------------- */

static int check_values(void *arg, const struct store_row *row)
{
    (void)arg;
    assert_true(store_row_null(row, 0));
    assert_int_equal(store_row_str(row, 0).len, 0);
    assert_int_equal(store_row_i64(row, 1), INT64_MIN);
    assert_true(store_row_real(row, 2) == 0.1);
    assert_true(core_str_eq_c(store_row_str(row, 3), "žluť"));
    assert_true(core_str_eq(store_row_str(row, 4), CORE_STR("\0\xff\0")));
    assert_false(store_row_null(row, 5));
    assert_int_equal(store_row_str(row, 5).len, 0);
    assert_int_equal(store_row_i64(row, 6), 0); /* the empty blob is there */
    return 0;
}

static void values_come_back(void **state)
{
    struct fixture *f = *state;
    const struct store_value params[] = {
        STORE_N(),        STORE_I(INT64_MIN),     STORE_R(0.1),
        STORE_C("žluť"),  STORE_B("\0\xff\0", 3), STORE_T(core_strn(NULL, 0)),
        STORE_B(NULL, 0),
    };

    assert_int_equal(store_read(f->store, "SELECT $1, $2, $3, $4, $5, $6, $7 IS NULL", params, 7,
                                check_values, NULL),
                     0);
}

static int check_sums(void *arg, const struct store_row *row)
{
    (void)arg;
    assert_int_equal(store_row_i64(row, 0), 120000000000000000);
    assert_true(store_row_real(row, 0) == 120000000000000000.0);
    assert_int_equal(store_row_i64(row, 1), -40001);
    assert_true(store_row_real(row, 2) == -2.5);
    assert_int_equal(store_row_i64(row, 3), 0);
    assert_true(store_row_null(row, 4));
    assert_int_equal(store_row_i64(row, 4), 0);
    return 0;
}

/* PostgreSQL's sums of integers are of a type of their own. */
static void sums_are_numbers(void **state)
{
    struct fixture *f = *state;
    const struct store_value params[] = {STORE_I(119999999999999400),
                                         STORE_I(600),
                                         STORE_I(-40000),
                                         STORE_I(-1),
                                         STORE_I(-2),
                                         STORE_I(-3)};

    assert_int_equal(
        store_read(f->store,
                   "SELECT SUM(a), SUM(b), AVG(c), SUM(a) - SUM(a), SUM(CASE WHEN a = 0 THEN a END)"
                   " FROM (SELECT $1 AS a, $3 AS b, $5 AS c UNION ALL SELECT $2, $4, $6) AS t",
                   params, 6, check_sums, NULL),
        0);
}

static void parameters_go_by_number(void **state)
{
    struct fixture *f = *state;
    int64_t n;
    const struct store_value params[] = {STORE_I(100), STORE_I(7)};

    assert_int_equal(store_read_i64(f->store, "SELECT $2 * 10 - $1 + $2", params, 2, &n), 0);
    assert_int_equal(n, -23);
    assert_int_equal(store_read_i64(f->store, "SELECT $1", params, 2, &n), CORE_EINVAL);
    assert_int_equal(store_read_i64(f->store, "SELECT $1 + $3", params, 2, &n), CORE_EINVAL);
    assert_int_equal(store_read_i64(f->store, "SELECT ?", params, 1, &n), CORE_EINVAL);
    assert_int_equal(store_read_i64(f->store, "SELECT $x", params, 1, &n), CORE_EINVAL);
    assert_int_equal(store_read_i64(f->store, "SELECT $1 WHERE 1 = 0", params, 1, &n),
                     CORE_ENOTFOUND);
    assert_int_equal(n, -23);
}

static void reads_refuse_what_writes(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(store_read(f->store, "DELETE FROM setting", NULL, 0, NULL, NULL), CORE_EINVAL);
    assert_int_equal(store_read(f->store, "SELECT 1; SELECT 2", NULL, 0, NULL, NULL), CORE_EINVAL);
    assert_int_equal(store_read(f->store, "SELECT 1 ; \n", NULL, 0, NULL, NULL), 0);
    assert_int_equal(store_read(f->store, "", NULL, 0, NULL, NULL), CORE_EINVAL);
    assert_int_equal(store_read(f->store, "nonsense", NULL, 0, NULL, NULL), CORE_EINVAL);
    assert_int_equal(store_read(f->store, "SELECT \"text\"", NULL, 0, NULL, NULL), CORE_EINVAL);
}

/* --- Batches -------------------------------------------------------------------------------- */

static void a_batch_is_whole_or_nothing(void **state)
{
    struct fixture *f = *state;
    struct store_batch *b = store_batch_new(STORE_DURABLE);

    assert_int_equal(put_one(f, STORE_RELAXED, "a", "1"), 0);
    store_put(b, 1, PUT, STORE_C("b"), STORE_C("2"));
    store_put(b, 1, CHANGE, STORE_C("missing"), STORE_C("3"));
    assert_int_equal(store_batch_count(b), 2);
    assert_int_equal(store_write_wait(f->store, b), CORE_EMISMATCH);
    b = store_batch_new(STORE_DURABLE);
    store_put(b, 1, PUT, STORE_C("c"), STORE_C("2"));
    store_put(b, 1, PUT, STORE_C("a"), STORE_C("2"));
    assert_int_equal(store_write_wait(f->store, b), CORE_EEXISTS);
    b = store_batch_new(STORE_DURABLE);
    store_put(b, 1, PUT, STORE_C("d"), STORE_C("2"));
    store_put(b, 1, PUT, STORE_C("e"), STORE_N());
    assert_int_equal(store_write_wait(f->store, b), CORE_EINVAL);
    assert_int_equal(count_rows(f), 1);
    assert_int_equal(store_write_wait(f->store, store_batch_new(STORE_DURABLE)), 0);
}

static void expectations_count_rows(void **state)
{
    struct fixture *f = *state;
    struct store_batch *b = store_batch_new(STORE_RELAXED);

    store_put(b, 0, REMOVE, STORE_C("a"));
    store_put(b, 1, UPSERT, STORE_C("a"), STORE_C("1"));
    store_put(b, 1, UPSERT, STORE_C("a"), STORE_C("2"));
    store_put(b, 1, "SELECT 1 FROM setting WHERE key = $1 AND value = $2", STORE_C("a"),
              STORE_C("2"));
    store_put(b, 1, PUT " RETURNING key", STORE_C("b"), STORE_C("x"));
    store_put(b, 2, "UPDATE setting SET value = $1", STORE_C("y"));
    store_put(b, STORE_ROWS_ANY, "DELETE FROM setting WHERE key > $1", STORE_C("a"));
    assert_int_equal(store_write_wait(f->store, b), 0);
    assert_int_equal(count_rows(f), 1);
    b = store_batch_new(STORE_RELAXED);
    store_put(b, 1, "DELETE FROM setting WHERE value <> $1", STORE_C("q"));
    store_put(b, 1, "SELECT 1 FROM setting WHERE key = $1", STORE_C("a"));
    assert_int_equal(store_write_wait(f->store, b), CORE_EMISMATCH);
    assert_int_equal(count_rows(f), 1);
}

static int write_sql(struct fixture *f, const char *sql)
{
    struct store_batch *b = store_batch_new(STORE_RELAXED);

    store_batch_add(b, STORE_ROWS_ANY, sql, NULL, 0);
    return store_write_wait(f->store, b);
}

static void refuses(struct fixture *f, const char *const *sql, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        int err = write_sql(f, sql[i]);
        if (err != CORE_EUNSUPPORTED)
            fail_msg("%s: %s", sql[i], core_err_name(err));
    }
}

static void batches_are_deterministic(void **state)
{
    struct fixture *f = *state;
    static const char *const refused[] = {
        "INSERT INTO setting VALUES (random(), 'x')",
        "INSERT INTO setting VALUES ('x', CURRENT_TIMESTAMP)",
        "BEGIN",
        "COMMIT",
        "ROLLBACK",
        "RELEASE batch",
        "PRAGMA synchronous = OFF",
        "PRAGMA user_version = 99",
        "ATTACH 'x.db' AS x",
        "CREATE TABLE t (x)",
        "DROP TABLE setting",
        "CREATE TEMP TABLE t (x)",
    };
    static const char *const of_sqlite[] = {
        "INSERT INTO setting VALUES (hex(randomblob(4)), 'x')",
        "INSERT INTO setting VALUES ('x', datetime('now'))",
        "INSERT INTO setting VALUES ('x', last_insert_rowid())",
        "UPDATE setting SET value = (SELECT changes())",
    };
    static const char *const of_pg[] = {
        "INSERT INTO setting VALUES (gen_random_uuid (), 'x')",
        "INSERT INTO setting VALUES ('x', now())",
        "INSERT INTO setting VALUES ('x', localtime)",
        "UPDATE setting SET value = (SELECT nextval('x'))",
        "SET default_transaction_read_only = on",
        "LOCK TABLE setting",
        "VACUUM",
    };

    refuses(f, refused, sizeof refused / sizeof *refused);
    if (test_store_is_pg())
        refuses(f, of_pg, sizeof of_pg / sizeof *of_pg);
    else
        refuses(f, of_sqlite, sizeof of_sqlite / sizeof *of_sqlite);
    assert_int_equal(write_sql(f, "INSERT INTO setting VALUES ('now()', lower('B'))"), 0);
    assert_int_equal(write_sql(f, "INSERT INTO setting VALUES ('x')"), CORE_EINVAL);
    assert_int_equal(write_sql(f, "INSERT INTO setting SELECT 'now'"), CORE_EINVAL);
    assert_int_equal(count_rows(f), 1);
}

static void full_text_goes_through_batches(void **state)
{
    struct fixture *f = *state;
    struct store_batch *b = store_batch_new(STORE_DURABLE);
    const struct store_value word[] = {STORE_C("rivers")};
    int64_t id = 0;

    for (int i = 1; i <= 50; i++)
        store_put(b, 1,
                  "INSERT INTO chunk VALUES ($1, 'c', $1, 0, 9, 'name', 'title', 'heading', $2)",
                  STORE_I(i), STORE_C(i == 42 ? "a river runs" : "nothing to see"));
    store_put(b, 1, "DELETE FROM chunk WHERE id = $1", STORE_I(7));
    assert_int_equal(store_write_wait(f->store, b), 0);
    assert_int_equal(store_read_i64(f->store,
                                    "SELECT rowid FROM chunk_fts WHERE chunk_fts MATCH $1", word, 1,
                                    &id),
                     0);
    assert_int_equal(id, 42);
    assert_int_equal(write_sql(f, "INSERT INTO chunk_fts (chunk_fts) VALUES ('rebuild')"), 0);
    assert_int_equal(write_sql(f, "INSERT INTO chunk_fts (chunk_fts) VALUES ('integrity-check')"),
                     0);
}

static void bad_batches_are_refused(void **state)
{
    struct fixture *f = *state;
    struct store_batch *b = store_batch_new(STORE_RELAXED);
    struct store_value many[CORE_LIMIT_SQL_PARAMS + 1] = {0};
    char *big = calloc(1, CORE_LIMIT_BATCH_BYTES);

    store_put(b, 1, PUT, STORE_C("bad \xff"), STORE_C("1"));
    store_put(b, 1, PUT, STORE_C("good"), STORE_C("1"));
    assert_int_equal(store_write_wait(f->store, b), CORE_EUTF8);
    b = store_batch_new(STORE_RELAXED);
    store_put(b, 1, PUT, STORE_T(CORE_STR("a\0b")), STORE_C("1"));
    assert_int_equal(store_write_wait(f->store, b), CORE_EUTF8);
    b = store_batch_new(STORE_RELAXED);
    store_put(b, 1, PUT, STORE_C("a"), STORE_R(0.0 / 0.0));
    assert_int_equal(store_write_wait(f->store, b), CORE_EINVAL);
    b = store_batch_new(STORE_RELAXED);
    store_batch_add(b, 1, PUT, many, CORE_LIMIT_SQL_PARAMS + 1);
    assert_int_equal(store_write_wait(f->store, b), CORE_ETOOBIG);
    b = store_batch_new(STORE_RELAXED);
    store_put(b, 1, PUT, STORE_C("a"), STORE_B(big, CORE_LIMIT_BATCH_BYTES));
    assert_int_equal(store_write_wait(f->store, b), CORE_ETOOBIG);
    b = store_batch_new(STORE_RELAXED);
    store_put(b, 1, PUT, STORE_C("a"));
    assert_int_equal(store_write_wait(f->store, b), CORE_EINVAL);
    assert_int_equal(count_rows(f), 0);
    store_batch_free(store_batch_new(STORE_RELAXED));
    store_batch_free(NULL);
    free(big);
}

/* --- Answers on the loop -------------------------------------------------------------------- */

struct answers {
    struct fixture *f;
    unsigned count;
    unsigned stop_at;
    unsigned failed;
    unsigned disorder;
};
struct one_answer {
    struct answers *all;
    unsigned number;
};

static void acked(void *arg, int status)
{
    struct one_answer *one = arg;
    struct answers *all = one->all;

    all->disorder += one->number != all->count;
    all->failed += status != 0;
    if (++all->count == all->stop_at)
        core_loop_stop(all->f->loop);
}

static void commits_are_shared(void **state)
{
    struct fixture *f = *state;
    enum { N = 2000 };
    struct answers all = {.f = f, .stop_at = N};
    struct one_answer one[N];
    struct core_metric *commits = core_counter("sky_store_commits_total", NULL, "");
    double before = core_metric_value(commits);

    for (unsigned i = 0; i < N; i++) {
        struct store_batch *b = store_batch_new(STORE_DURABLE);
        one[i] = (struct one_answer){&all, i};
        store_put(b, 1, "INSERT INTO setting VALUES ('k' || $1, 'v')", STORE_I(i));
        /* Every tenth misses what it expects: it must not take its neighbours down. */
        if (i % 10 == 9)
            store_put(b, 5, CHANGE, STORE_C("k0"), STORE_C("w"));
        store_write(f->store, b, acked, &one[i]);
    }
    assert_int_equal(all.count, 0); /* never inside the call */
    core_loop_run(f->loop);
    assert_int_equal(all.count, N);
    assert_int_equal(all.disorder, 0);
    assert_int_equal(all.failed, N / 10);
    assert_int_equal(count_rows(f), N - N / 10);
    assert_true(core_metric_value(commits) - before < N / 4);
    fixture_reopen(f);
    assert_int_equal(count_rows(f), N - N / 10);
}

/* Lazy ones share a commit, are there before long, and leave with the first that is in a hurry. */
static void lazy_batches_wait_for_others(void **state)
{
    struct fixture *f = *state;
    struct core_metric *commits = core_counter("sky_store_commits_total", NULL,
                                               "Commits that batches shared.");
    double before = core_metric_value(commits);
    char key[16];

    for (int i = 0; i < 30; i++) {
        struct store_batch *batch = store_batch_new(STORE_LAZY);
        snprintf(key, sizeof key, "lazy %d", i);
        store_put(batch, 1, "INSERT INTO setting VALUES ($1, 'v')", STORE_C(key));
        store_write(f->store, batch, NULL, NULL);
    }
    for (int i = 0; i < 1000 && count_rows(f) < 30; i++)
        usleep(1000);
    assert_int_equal(count_rows(f), 30);
    assert_true(core_metric_value(commits) - before <= 5);
    struct store_batch *batch = store_batch_new(STORE_LAZY);
    store_put(batch, 1, "DELETE FROM setting WHERE key = $1", STORE_C("lazy 0"));
    store_write(f->store, batch, NULL, NULL);
    assert_int_equal(put_one(f, STORE_RELAXED, "last", "1"), 0);
    assert_int_equal(count_rows(f), 30);
}

static void freeing_answers_what_is_queued(void **state)
{
    struct fixture *f = *state;
    enum { N = 300 };
    struct answers all = {.f = f, .stop_at = N + 1};
    struct one_answer one[N];

    for (unsigned i = 0; i < N; i++) {
        struct store_batch *b = store_batch_new(i % 2 ? STORE_DURABLE : STORE_RELAXED);
        one[i] = (struct one_answer){&all, i};
        store_put(b, 1, "INSERT INTO setting VALUES ('k' || $1, 'v')", STORE_I(i));
        store_write(f->store, b, i % 3 ? acked : NULL, &one[i]);
    }
    store_free(f->store);
    assert_int_equal(all.count, N - N / 3);
    assert_int_equal(all.failed, 0);
    while (core_loop_turn(f->loop))
        ;
    fixture_open(f);
    assert_int_equal(count_rows(f), N);
}

static void frees_the_store(void *arg, int status)
{
    struct fixture *f = arg;

    assert_int_equal(status, 0);
    fixture_close(f);
    core_loop_stop(f->loop);
}

static void count_ack(void *arg, int status)
{
    *(unsigned *)arg += status == 0;
}

static void an_answer_may_free_the_store(void **state)
{
    struct fixture *f = *state;
    unsigned answered = 0;

    for (int i = 0; i < 20; i++) {
        struct store_batch *b = store_batch_new(STORE_RELAXED);
        store_put(b, 1, "INSERT INTO setting VALUES ('k' || $1, 'v')", STORE_I(i));
        if (i == 5)
            store_write(f->store, b, frees_the_store, f);
        else
            store_write(f->store, b, count_ack, &answered);
    }
    core_loop_run(f->loop);
    assert_int_equal(answered, 19);
    fixture_open(f);
    assert_int_equal(count_rows(f), 20);
}

static void a_full_queue_refuses(void **state)
{
    struct fixture *f = *state;
    enum { N = 8 };
    struct answers all = {.f = f, .stop_at = N};
    struct one_answer one[N];
    size_t len = CORE_LIMIT_STORE_QUEUE_BYTES / 4;
    char *big = core_alloc(len);
    sqlite3 *other;

    /* Somebody else writes: the writer's thread waits for its turn. */
    assert_int_equal(sqlite3_open(f->path, &other), SQLITE_OK);
    assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    for (unsigned i = 0; i < N; i++) {
        struct store_batch *b = store_batch_new(STORE_RELAXED);
        one[i] = (struct one_answer){&all, i};
        store_put(b, 0, "DELETE FROM setting WHERE value = $1", STORE_B(big, len));
        store_write(f->store, b, acked, &one[i]);
    }
    assert_int_equal(sqlite3_exec(other, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(other), SQLITE_OK);
    core_loop_run(f->loop);
    assert_int_equal(all.count, N);
    /* One was with the writer, or not yet; three fit the queue. */
    assert_in_range(all.failed, N - 4, N - 3);
    free(big);
}

/* --- The file ------------------------------------------------------------------------------- */

static void the_file_is_private_and_sound(void **state)
{
    struct fixture *f = *state;
    char path[192];
    char why[256] = "";
    struct stat st;

    assert_int_equal(put_one(f, STORE_RELAXED, "a", "1"), 0);
    for (int i = 0; i < 3; i++) {
        static const char *const names[] = {"sky.db", "sky.db-wal", "sky.db-shm"};
        snprintf(path, sizeof path, "%s/%s", f->dir, names[i]);
        assert_int_equal(stat(path, &st), 0);
        assert_int_equal(st.st_mode & 07777, 0600);
    }
    assert_int_equal(store_check(f->store, why, sizeof why), 0);
    assert_int_equal(store_health(f->store), 0);
    assert_string_equal(store_engine(f->store), "sqlite");
    store_free(NULL);
}

static void unknown_engines_are_named(void **state)
{
    struct fixture *f = *state;
    char why[256] = "";
    struct store *other = NULL;
    struct store_options options = {
        .env = core_env_real(), .url = "oracle", .data_dir = f->dir, .readers_max = 1};

    assert_int_equal(store_open(&options, &other, why, sizeof why), CORE_EUNSUPPORTED);
    assert_non_null(strstr(why, "oracle"));
    assert_null(other);
}

/* --- The tables ----------------------------------------------------------------------------- */

static int take_name(void *arg, const struct store_row *row)
{
    struct core_str name = store_row_str(row, 0);

    core_buf_add_str(arg, name);
    core_buf_add_byte(arg, '\n');
    return 0;
}

/* Without what is an engine's alone: the keyword index, and who writes. */
static void engines_have_the_same_tables(void **state)
{
    struct fixture *f = *state;
    struct core_buf here, there;
    struct store *other = NULL;
    char why[256] = "";
    const struct store_options options = {
        .env = core_env_real(), .url = "sqlite", .data_dir = f->dir, .readers_max = 1};

    core_buf_init(&here, 1 << 20);
    core_buf_init(&there, 1 << 20);
    assert_int_equal(store_open(&options, &other, why, sizeof why), 0);
    assert_int_equal(store_read(other,
                                "SELECT t.name || '.' || c.name FROM sqlite_schema AS t"
                                " JOIN pragma_table_info(t.name) AS c WHERE t.type = 'table'"
                                " AND t.name NOT LIKE 'chunk_fts%' ORDER BY 1",
                                NULL, 0, take_name, &here),
                     0);
    store_free(other);
    assert_int_equal(store_read(f->store,
                                "SELECT table_name || '.' || column_name FROM"
                                " information_schema.columns WHERE table_schema = current_schema()"
                                " AND table_name <> 'sky_store'"
                                " AND table_name NOT LIKE 'keyword%' AND column_name <> 'near'"
                                " ORDER BY (table_name || '.' || column_name) COLLATE \"C\"",
                                NULL, 0, take_name, &there),
                     0);
    assert_int_equal(core_buf_add_byte(&here, '\0'), 0);
    assert_int_equal(core_buf_add_byte(&there, '\0'), 0);
    assert_string_equal(here.ptr, there.ptr);
    core_buf_done(&here);
    core_buf_done(&there);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_set_up, fixture_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(values_come_back),
        TEST(sums_are_numbers),
        TEST(parameters_go_by_number),
        TEST(reads_refuse_what_writes),
        TEST(a_batch_is_whole_or_nothing),
        TEST(expectations_count_rows),
        TEST(batches_are_deterministic),
        TEST(bad_batches_are_refused),
        TEST(commits_are_shared),
        TEST(lazy_batches_wait_for_others),
        TEST(freeing_answers_what_is_queued),
        TEST(an_answer_may_free_the_store),
        TEST(unknown_engines_are_named),
        /* Of PostgreSQL alone, */
        TEST(engines_have_the_same_tables),
        /* and of a file of SQLite's: */
        TEST(full_text_goes_through_batches),
        TEST(a_full_queue_refuses),
        TEST(the_file_is_private_and_sound),
    };
    enum { PG = 1, SQLITE = 3 };
    struct CMUnitTest chosen[sizeof tests / sizeof *tests];
    size_t all = sizeof tests / sizeof *tests - SQLITE;

    memcpy(chosen, tests, sizeof tests);
    if (test_store_is_pg())
        return _cmocka_run_group_tests("core_store", chosen, all, NULL, NULL);
    memmove(chosen + all - PG, tests + all, SQLITE * sizeof *tests);
    return _cmocka_run_group_tests("core_store", chosen, all - PG + SQLITE, NULL, NULL);
}
