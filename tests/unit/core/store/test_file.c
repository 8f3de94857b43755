/* test_file.c: opening: new, interrupted, damaged, foreign, newer, unreachable files;
 * migrations. */
#include "tests/unit/core/store/helper.h"

#include "core/err.h"
#include "core/store/migrate.h"
#include "core/store/schema.h"
#include "core/store/sqlite_file.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* --- Files ---------------------------------------------------------------------------------- */

static void write_file(const char *path, const void *bytes, size_t len)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, len), len);
    close(fd);
}

static void patch(const char *path, off_t at, const void *bytes, size_t len)
{
    int fd = open(path, O_WRONLY);

    assert_true(fd >= 0);
    assert_int_equal(pwrite(fd, bytes, len, at), len);
    close(fd);
}

static uint64_t hash_file(const char *path)
{
    struct core_buf b;
    uint64_t hash;

    core_buf_init(&b, 64u << 20);
    assert_int_equal(core_env_real()->fs->read(core_env_real()->ctx, path, &b), 0);
    hash = core_str_hash(core_buf_str(&b));
    core_buf_done(&b);
    return hash;
}

static void run_sql(const char *path, const char *sql)
{
    sqlite3 *db;

    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

/* Refused with the code, the file named in the reason, and left as it was. */
static void assert_refused(struct fixture *f, int expected)
{
    uint64_t before = hash_file(f->path);

    assert_int_equal(fixture_try_open(f), expected);
    assert_null(f->store);
    assert_non_null(strstr(f->why, f->path));
    assert_true(hash_file(f->path) == before);
}

static void a_made_database(struct fixture *f)
{
    fixture_open(f);
    assert_int_equal(put_one(f, STORE_DURABLE, "a", "1"), 0);
    fixture_close(f);
}

/* --- Refusals ------------------------------------------------------------------------------- */

static void garbage_is_left_alone(void **state)
{
    struct fixture *f = *state;
    char junk[8192];

    memset(junk, 'j', sizeof junk);
    write_file(f->path, junk, 3);
    assert_refused(f, CORE_ECORRUPT);
    write_file(f->path, junk, sizeof junk);
    assert_refused(f, CORE_ECORRUPT);
}

static void foreign_databases_are_left_alone(void **state)
{
    struct fixture *f = *state;

    run_sql(f->path, "CREATE TABLE theirs (x); INSERT INTO theirs VALUES (1)");
    assert_refused(f, CORE_ECORRUPT);
}

static void damage_is_found(void **state)
{
    struct fixture *f = *state;
    char junk[4096];
    struct stat st;

    memset(junk, 0xa5, sizeof junk);
    a_made_database(f);
    patch(f->path, 0, "SQLite format 4", 15);
    assert_refused(f, CORE_ECORRUPT);
    patch(f->path, 0, "SQLite format 3", 15);
    /* The root of the schema. */
    patch(f->path, 100, junk, 200);
    assert_refused(f, CORE_ECORRUPT);
    unlink(f->path);
    a_made_database(f);
    assert_int_equal(stat(f->path, &st), 0);
    assert_int_equal(truncate(f->path, st.st_size / 2 / 4096 * 4096), 0);
    assert_refused(f, CORE_ECORRUPT);
}

static void damage_inside_is_reported_by_the_check(void **state)
{
    struct fixture *f = *state;
    char junk[4096];
    int64_t page;
    char why[512];

    memset(junk, 0xa5, sizeof junk);
    fixture_open(f);
    assert_int_equal(put_one(f, STORE_DURABLE, "a", "1"), 0);
    page = read_one(f, "SELECT rootpage FROM sqlite_schema WHERE name = 'setting'");
    fixture_close(f);
    patch(f->path, (page - 1) * 4096, junk, sizeof junk);
    fixture_open(f);
    assert_int_equal(store_check(f->store, why, sizeof why), CORE_ECORRUPT);
    assert_non_null(strstr(why, f->path));
    assert_int_equal(put_one(f, STORE_RELAXED, "b", "1"), CORE_ECORRUPT);
}

static void newer_files_are_left_alone(void **state)
{
    struct fixture *f = *state;
    unsigned char version[4] = {0, 0, 0, (unsigned char)(store_schema_sqlite_count + 1)};

    a_made_database(f);
    patch(f->path, 60, version, sizeof version);
    assert_refused(f, CORE_ENEWER);
    version[0] = 0xff; /* negative */
    patch(f->path, 60, version, sizeof version);
    assert_refused(f, CORE_ENEWER);
}

/* The version is only in the log yet: a newer program was killed before it copied it back. */
static void a_newer_log_is_left_alone(void **state)
{
    struct fixture *f = *state;
    char log[192];
    char sql[64];
    uint64_t before;
    int status;

    a_made_database(f);
    pid_t child = fork();
    if (child == 0) {
        sqlite3 *db;
        snprintf(sql, sizeof sql, "PRAGMA user_version = %u", store_schema_sqlite_count + 1);
        if (sqlite3_open(f->path, &db) || sqlite3_exec(db, sql, NULL, NULL, NULL))
            _exit(1);
        _exit(0); /* without closing */
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    snprintf(log, sizeof log, "%s-wal", f->path);
    before = hash_file(log);
    assert_refused(f, CORE_ENEWER);
    assert_true(hash_file(log) == before);
}

static void what_is_no_file_is_refused(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(mkfifo(f->path, 0600), 0);
    assert_int_equal(fixture_try_open(f), CORE_ECORRUPT); /* and does not block */
    unlink(f->path);
    assert_int_equal(mkdir(f->path, 0700), 0);
    assert_int_equal(fixture_try_open(f), CORE_ECORRUPT);
    rmdir(f->path);
    snprintf(f->dir + strlen(f->dir), 16, "/file");
    write_file(f->dir, "x", 1);
    assert_true(fixture_try_open(f) < 0);
    assert_non_null(strstr(f->why, "/file/sky.db"));
    unlink(f->dir);
    *strrchr(f->dir, '/') = '\0';
}

/* --- Successes ------------------------------------------------------------------------------ */

static void modes_are_narrow(void **state)
{
    struct fixture *f = *state;
    struct stat st;

    snprintf(f->dir + strlen(f->dir), 16, "/new/data");
    a_made_database(f);
    assert_int_equal(stat(f->dir, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0700);
    *strrchr(f->dir, '/') = '\0';
    *strrchr(f->dir, '/') = '\0';
    a_made_database(f);
    assert_int_equal(chmod(f->path, 0666), 0);
    fixture_open(f);
    assert_int_equal(stat(f->path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
}

static void an_interrupted_creation_goes_on(void **state)
{
    struct fixture *f = *state;
    char sql[64];

    write_file(f->path, "", 0);
    a_made_database(f);
    unlink(f->path);
    /* Marked and no more. */
    snprintf(sql, sizeof sql, "PRAGMA application_id = %d", STORE__APPLICATION_ID);
    run_sql(f->path, sql);
    a_made_database(f);
    fixture_open(f);
    assert_int_equal(count_rows(f), 1);
}

/* --- Migrations ----------------------------------------------------------------------------- */

static void migrations_run_in_order_and_whole(void **state)
{
    struct fixture *f = *state;
    static const char *const scripts[] = {
        "CREATE TABLE a (x); INSERT INTO a VALUES (1)",
        "ALTER TABLE a ADD COLUMN y; UPDATE a SET y = x + 1",
        "CREATE TABLE b (x); INSERT INTO b SELECT y FROM a; INSERT INTO nowhere VALUES (1)",
    };
    struct store__conn *conn;
    int64_t n = 0;

    write_file(f->path, "", 0);
    assert_int_equal(store__conn_open(f->path, NULL, STORE__WRITER, &conn), 0);
    assert_int_equal(store__migrate(conn, scripts, 1), 0);
    assert_int_equal(store__migrate(conn, scripts, 2), 0);
    assert_int_equal(store__migrate(conn, scripts, 2), 0);
    assert_int_equal(store__conn_exec_i64(conn, "SELECT y FROM a", &n), 0);
    assert_int_equal(n, 2);
    /* The third fails at its end: nothing of it stays. */
    assert_int_equal(store__migrate(conn, scripts, 3), CORE_EINVAL);
    assert_int_equal(store__conn_exec_i64(conn, "PRAGMA user_version", &n), 0);
    assert_int_equal(n, 2);
    assert_int_equal(store__conn_exec_i64(conn, "SELECT 1 FROM b", &n), CORE_EINVAL);
    assert_int_equal(store__migrate(conn, scripts, 1), CORE_ENEWER);
    store__conn_free(conn);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_set_up_closed, fixture_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(garbage_is_left_alone),
        TEST(foreign_databases_are_left_alone),
        TEST(damage_is_found),
        TEST(damage_inside_is_reported_by_the_check),
        TEST(newer_files_are_left_alone),
        TEST(a_newer_log_is_left_alone),
        TEST(what_is_no_file_is_refused),
        TEST(modes_are_narrow),
        TEST(an_interrupted_creation_goes_on),
        TEST(migrations_run_in_order_and_whole),
    };
    return cmocka_run_group_tests_name("core_store_file", tests, NULL, NULL);
}
