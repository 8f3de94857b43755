/* test_engines.c: backups that a database takes, at the schema that they have, and what it says
 * before its own changes. */
#include "tests/unit/core/backup/kit.h"

#include "core/err.h"
#include "core/store/schema.h"
#include "tests/unit/store.h"

#include <stdio.h>

#define ROWS 4

struct upgrade {
    char path[192];
    unsigned calls, from, to;
    struct backup_info info;
};

static int upgrading(void *arg, struct store *store, unsigned to, char *why, size_t why_cap)
{
    struct upgrade *u = arg;

    u->calls++;
    u->from = store_schema(store);
    u->to = to;
    (void)why;
    (void)why_cap;
    return kit_make(store, u->path, NULL, NULL, &u->info);
}

/* A backup of an SQLite store of that schema, in f->dir/old.skybak. */
static void back_up(struct fixture *f, unsigned schema, char path[static 192],
                    struct backup_info *ret)
{
    char dir[160];
    struct store *store;

    snprintf(dir, sizeof dir, "%s/schema-%u", f->dir, schema);
    snprintf(path, 192, "%s/schema-%u.skybak", f->dir, schema);
    assert_int_equal(core_env_real()->fs->mkdirs(NULL, dir, 0700), 0);
    store = kit_open(dir, schema, false);
    kit_rows(store, 0, ROWS);
    assert_int_equal(kit_make(store, path, NULL, NULL, ret), 0);
    store_free(store);
}

static int restore(const char *path, const char *dir, bool keep_schema, struct backup_info *ret,
                   char why[static 512])
{
    const struct backup_restore options = {.env = core_env_real(),
                                           .path = path,
                                           .data_dir = dir,
                                           .store_url = test_store_url(dir),
                                           .keep_schema = keep_schema};

    return backup_restore(&options, ret, why, 512);
}

static struct store *open_database(const char *dir, bool look, struct upgrade *u)
{
    const struct store_options options = {.env = core_env_real(),
                                          .url = test_store_url(dir),
                                          .data_dir = dir,
                                          .readers_max = 2,
                                          .look = look,
                                          .upgrading = u ? upgrading : NULL,
                                          .upgrading_arg = u};
    struct store *store;
    char why[512] = "";

    if (store_open(&options, &store, why, sizeof why))
        fail_msg("%s", why);
    return store;
}

static void an_older_schema_is_kept_until_it_is_opened(void **state)
{
    struct fixture *f = *state;
    struct upgrade u = {.calls = 0};
    struct backup_info made, restored;
    char path[192], dir[160], why[512] = "";
    struct store *store;

    back_up(f, store_schema_pg_first, path, &made);
    snprintf(dir, sizeof dir, "%s/kept", f->dir);
    snprintf(u.path, sizeof u.path, "%s/before.skybak", f->dir);
    if (restore(path, dir, true, &restored, why))
        fail_msg("%s", why);
    assert_memory_equal(restored.digest, made.digest, sizeof made.digest);
    store = open_database(dir, true, NULL);
    assert_int_equal(store_schema(store), store_schema_pg_first);
    assert_int_equal(store_health(store), CORE_EREADONLY);
    store_free(store);

    store = open_database(dir, false, &u);
    assert_int_equal(u.calls, 1);
    assert_int_equal(u.from, store_schema_pg_first);
    assert_int_equal(u.to, store_schema_sqlite_count);
    assert_memory_equal(u.info.digest, made.digest, sizeof made.digest);
    assert_int_equal(store_schema(store), store_schema_sqlite_count);
    assert_int_equal(kit_count(store, "message"), ROWS);
    store_free(store);
    store = open_database(dir, false, &u);
    assert_int_equal(u.calls, 1); /* nothing changes any more */
    store_free(store);
}

static void a_schema_from_before_there_were_databases_is_refused(void **state)
{
    struct fixture *f = *state;
    struct backup_info info;
    char path[192], dir[160], why[512] = "";

    back_up(f, store_schema_pg_first - 1, path, &info);
    snprintf(dir, sizeof dir, "%s/refused", f->dir);
    assert_int_equal(restore(path, dir, false, &info, why), CORE_EUNSUPPORTED);
    assert_non_null(strstr(why, "restore into a data folder first"));
    assert_false(kit_exists(dir));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_older_schema_is_kept_until_it_is_opened,
                                        fixture_set_up_closed, fixture_tear_down),
        cmocka_unit_test_setup_teardown(a_schema_from_before_there_were_databases_is_refused,
                                        fixture_set_up_closed, fixture_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
