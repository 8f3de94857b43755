/*
 * test_upgrade.c: a data folder of every schema there ever was, brought to the newest, and the way
 * back: the backup that is made before, restored as it was.
 */
#include "tests/unit/core/backup/kit.h"

#include "core/err.h"
#include "core/store/schema.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define ROWS 4

/* What a migration empties or takes away on purpose:
 * since `from`, this table holds none of the old rows. */
static const struct {
    const char *table;
    unsigned from;
} emptied[] = {{"vector", 2}, {"session", 4}, {"cache", 5}, {"cache_source", 5}};

static bool is_emptied(const char *table, unsigned schema)
{
    for (size_t i = 0; i < sizeof emptied / sizeof *emptied; i++) {
        if (strcmp(emptied[i].table, table) == 0 && schema < emptied[i].from)
            return true;
    }
    return false;
}

struct upgrade {
    char path[192];
    unsigned calls, to;
    struct backup_info info;
};

static int upgrading(void *arg, struct store *store, unsigned to, char *why, size_t why_cap)
{
    struct upgrade *u = arg;

    u->calls++;
    u->to = to;
    (void)why;
    (void)why_cap;
    return kit_make(store, u->path, NULL, NULL, &u->info);
}

static int open_newest(const struct fixture *f, struct upgrade *u, struct store **ret)
{
    const struct store_options options = {.env = core_env_real(),
                                          .url = "sqlite",
                                          .data_dir = f->dir,
                                          .readers_max = 2,
                                          .upgrading = upgrading,
                                          .upgrading_arg = u};
    char why[512];

    return store_open(&options, ret, why, sizeof why);
}

static bool has_table(const struct store_tables *tables, const char *name)
{
    for (unsigned t = 0; t < tables->count; t++) {
        if (strcmp(tables->tables[t].name, name) == 0)
            return true;
    }
    return false;
}

static void rows_survived(struct store *old, struct store *store, unsigned schema)
{
    struct store_tables *before, *after;

    assert_int_equal(store_tables(old, &before), 0);
    assert_int_equal(store_tables(store, &after), 0);
    for (unsigned t = 0; t < before->count; t++) {
        const char *name = before->tables[t].name;
        if (is_emptied(name, schema))
            continue;
        assert_true(has_table(after, name));
        if (kit_count(store, name) < kit_count(old, name))
            fail_msg("schema %u: table %s lost rows", schema, name);
    }
    free(before);
    free(after);
}

/* The thirteenth schema adds up by days what was answered before it. */
static void usage_was_added_up(struct store *store, unsigned schema)
{
    int64_t answers = -1;

    if (schema >= 13) /* the rows there are any numbers, whose sum may be none */
        return;
    assert_int_equal(
        store_read_i64(store, "SELECT SUM(answers) FROM telemetry_day", NULL, 0, &answers), 0);
    assert_int_equal(answers, ROWS);
}

/* The old store again, made of the backup: as it was, for the program of that time. */
static struct store *way_back(const struct fixture *f, const struct upgrade *u, unsigned schema)
{
    struct backup_info info;
    char dir[160], path[192];

    snprintf(dir, sizeof dir, "%s/back", f->dir);
    assert_int_equal(kit_restore(u->path, NULL, dir, true, &info), 0);
    assert_memory_equal(info.digest, u->info.digest, sizeof info.digest);
    struct store *store = kit_open(dir, 0, true);
    assert_int_equal(store_schema(store), schema);
    snprintf(path, sizeof path, "%s/again.skybak", f->dir);
    assert_int_equal(kit_make(store, path, NULL, NULL, &info), 0);
    assert_memory_equal(info.digest, u->info.digest, sizeof info.digest);
    return store;
}

/* And by the new program, which brings it up to date on its way. */
static void way_forward(const struct fixture *f, const struct upgrade *u)
{
    struct backup_info info;
    char dir[160];

    snprintf(dir, sizeof dir, "%s/forward", f->dir);
    assert_int_equal(kit_restore(u->path, NULL, dir, false, &info), 0);
    struct store *store = kit_open(dir, 0, true);
    assert_int_equal(store_schema(store), store_schema_sqlite_count);
    store_free(store);
}

static void every_schema(void **state)
{
    (void)state;
    for (unsigned schema = 1; schema < store_schema_sqlite_count; schema++) {
        void *one = NULL;
        struct upgrade u = {.calls = 0};
        struct store *store, *old;
        fixture_set_up_closed(&one);
        struct fixture *f = one;
        snprintf(u.path, sizeof u.path, "%s/before.skybak", f->dir);
        store = kit_open(f->dir, schema, false);
        assert_int_equal(store_schema(store), schema);
        kit_rows(store, 0, ROWS);
        store_free(store);
        assert_int_equal(open_newest(f, &u, &store), 0);
        assert_int_equal(u.calls, 1);
        assert_int_equal(u.to, store_schema_sqlite_count);
        assert_int_equal(u.info.schema, schema);
        assert_int_equal(store_schema(store), store_schema_sqlite_count);
        assert_int_equal(store_check(store, f->why, sizeof f->why), 0);
        usage_was_added_up(store, schema);
        old = way_back(f, &u, schema);
        rows_survived(old, store, schema);
        way_forward(f, &u);
        kit_rows(store, 1000, 2);
        store_free(old);
        store_free(store);
        fixture_tear_down(&one);
    }
}

static void no_change_needs_no_backup(void **state)
{
    struct fixture *f = *state;
    struct upgrade u = {.calls = 0};
    struct store *store;

    snprintf(u.path, sizeof u.path, "%s/before.skybak", f->dir);
    for (int i = 0; i < 2; i++) { /* a new folder, and one that is up to date */
        assert_int_equal(open_newest(f, &u, &store), 0);
        store_free(store);
        assert_int_equal(u.calls, 0);
    }
}

static void without_the_backup_nothing_changes(void **state)
{
    struct fixture *f = *state;
    struct upgrade u = {.path = "/nowhere/at/all"};
    struct store *store = kit_open(f->dir, 5, false);

    kit_rows(store, 0, ROWS);
    store_free(store);
    assert_int_equal(open_newest(f, &u, &store), CORE_ENOTFOUND);
    store = kit_open(f->dir, 0, true);
    assert_int_equal(store_schema(store), 5);
    store_free(store);
}

/* --- Killed --------------------------------------------------------------------------------- */

#define KILLS 40

/* In a child: opens the store, which upgrades it, and is
 * killed after so many microseconds, if it still lives. */
static bool upgrade_killed(const struct fixture *f, struct upgrade *u, unsigned microseconds)
{
    int status;
    pid_t pid = fork();

    if (pid == 0) {
        struct store *store;
        int err = open_newest(f, u, &store);
        if (err == 0)
            store_free(store);
        _exit(err == 0 ? 0 : 1);
    }
    assert_true(pid > 0);
    usleep(microseconds);
    kill(pid, SIGKILL);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFSIGNALED(status);
}

/* A whole schema, whichever; a whole backup, or none. */
static void is_whole(const struct fixture *f, const struct upgrade *u, unsigned schema)
{
    struct backup_info info;
    struct store *store = kit_open(f->dir, 0, true);

    assert_in_range(store_schema(store), schema, store_schema_sqlite_count);
    assert_true(kit_count(store, "account") == ROWS);
    store_free(store);
    if (kit_exists(u->path)) {
        assert_int_equal(kit_verify(u->path, NULL, &info), 0);
        assert_int_equal(info.schema, schema);
    }
}

static void killed_in_the_middle(void **state)
{
    uint64_t seed = chosen_seed(5);
    unsigned killed = 0;

    (void)state;
    for (unsigned i = 0; i < KILLS; i++) {
        unsigned schema = 3 + i % (store_schema_sqlite_count - 3);
        void *one = NULL;
        struct upgrade u = {.calls = 0};
        struct store *store;
        fixture_set_up_closed(&one);
        struct fixture *f = one;
        snprintf(u.path, sizeof u.path, "%s/before.skybak", f->dir);
        store = kit_open(f->dir, schema, false);
        kit_rows(store, 0, ROWS);
        store_free(store);
        killed += upgrade_killed(f, &u, (unsigned)(dice(&seed) % 60000));
        is_whole(f, &u, schema);
        /* The next start makes the backup if there is none, and finishes. */
        if (kit_exists(u.path))
            unlink(u.path);
        assert_int_equal(open_newest(f, &u, &store), 0);
        assert_int_equal(store_schema(store), store_schema_sqlite_count);
        assert_int_equal(kit_count(store, "account"), ROWS);
        assert_int_equal(store_check(store, f->why, sizeof f->why), 0);
        store_free(store);
        fixture_tear_down(&one);
    }
    assert_true(killed > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_schema),
        cmocka_unit_test(killed_in_the_middle),
        cmocka_unit_test_setup_teardown(no_change_needs_no_backup, fixture_set_up_closed,
                                        fixture_tear_down),
        cmocka_unit_test_setup_teardown(without_the_backup_nothing_changes, fixture_set_up_closed,
                                        fixture_tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
