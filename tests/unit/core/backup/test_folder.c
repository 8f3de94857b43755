/* test_folder.c: which backups a server may remove; and its habit, by a clock that the test
 * turns. */
#include "tests/unit/core/backup/kit.h"

#include "core/backup/habit.h"
#include "core/err.h"
#include "core/log.h"
#include "core/metrics.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- Folders -------------------------------------------------------------------------------- */

static void put_backup(struct fixture *f, const char *folder, const char *name, bool scheduled)
{
    struct backup_info info;
    char path[512], why[512];

    snprintf(path, sizeof path, "%s/%s", folder, name);
    const struct backup_options o = {
        .env = core_env_real(), .store = f->store, .path = path, .scheduled = scheduled};
    assert_int_equal(backup_make(&o, &info, why, sizeof why), 0);
}

static size_t count_files(const char *folder)
{
    struct backup_list list;

    assert_int_equal(backup_list(folder, "00000000", &list), 0);
    size_t n = list.count;
    backup_list_done(&list);
    return n;
}

static void only_its_own_go(void **state)
{
    struct fixture *f = *state;
    char folder[256], name[BACKUP_ENTRY_NAME], path[600];

    snprintf(folder, sizeof folder, "%s/backups", f->dir);
    assert_int_equal(count_files(folder), 0);
    assert_int_equal(mkdir(folder, 0700), 0);
    for (int i = 0; i < 5; i++) {
        backup_entry_name("12345678", 1795749180000 + i, name);
        put_backup(f, folder, name, true);
    }
    /* A person's that has such a name, another server's, one of another name, a file that is
     * none. */
    backup_entry_name("12345678", 1795749170000, name);
    put_backup(f, folder, name, false);
    backup_entry_name("87654321", 1795749170000, name);
    put_backup(f, folder, name, true);
    put_backup(f, folder, "mine.skybak", true);
    backup_entry_name("12345678", 1795749160000, name);
    snprintf(path, sizeof path, "%s/%s", folder, name);
    kit_write(path, CORE_STR("a letter"));
    /* What killed ones left: of this series, of another. */
    snprintf(path, sizeof path, "%s/sky-12345678-x.skybak.part", folder);
    kit_write(path, CORE_STR("half"));
    snprintf(path, sizeof path, "%s/sky-87654321-x.skybak.part", folder);
    kit_write(path, CORE_STR("half"));
    assert_int_equal(count_files(folder), 8);
    backup_prune(folder, "12345678", 2);
    assert_int_equal(count_files(folder), 5);
    backup_entry_name("12345678", 1795749180004, name);
    snprintf(path, sizeof path, "%s/%s", folder, name);
    assert_true(kit_exists(path));
    backup_entry_name("12345678", 1795749160000, name);
    snprintf(path, sizeof path, "%s/%s", folder, name);
    assert_true(kit_exists(path));
    snprintf(path, sizeof path, "%s/sky-12345678-x.skybak.part", folder);
    assert_false(kit_exists(path));
    snprintf(path, sizeof path, "%s/sky-87654321-x.skybak.part", folder);
    assert_true(kit_exists(path));
}

static void a_series_stays(void **state)
{
    struct fixture *f = *state;
    char one[BACKUP_SERIES_SIZE], two[BACKUP_SERIES_SIZE];

    assert_int_equal(backup_series(core_env_real(), f->dir, one), 0);
    assert_int_equal(backup_series(core_env_real(), f->dir, two), 0);
    assert_string_equal(one, two);
    assert_int_equal(strlen(one), 8);
}

/* --- The habit ------------------------------------------------------------------------------ */

static int64_t wall;

static int64_t fake_wall(void *ctx)
{
    (void)ctx;
    return wall;
}

struct world {
    struct core_env env;
    struct fixture *f;
    struct core_loop *loop;
    struct backup_habit *habit;
    struct backup_plan plan;
    char dir[256];
};

static void world_begin(struct world *w, struct fixture *f)
{
    w->f = f;
    w->env = *core_env_real();
    w->env.wall_ms = fake_wall;
    w->loop = core_loop_new(&w->env);
    snprintf(w->dir, sizeof w->dir, "%s/kept", f->dir);
    w->plan = (struct backup_plan){
        .every_h = 24, .keep = 2, .dir = w->dir, .passphrase_file = "", .config_path = ""};
    w->habit = backup_habit_new(w->loop, f->store, f->dir, &w->plan);
}

static void world_end(struct world *w)
{
    backup_habit_free(w->habit);
    core_loop_free(w->loop);
}

/* Until nothing is under way. */
static struct backup_now settle(struct world *w)
{
    struct backup_now now;

    do {
        core_loop_turn(w->loop);
        backup_habit_now(w->habit, &now);
    } while (backup_habit_resting(w->habit) == false);
    return now;
}

static void one_a_day(void **state)
{
    struct world w;
    struct backup_now now;
    size_t made = 0;

    wall = 1795749180000;
    world_begin(&w, *state);
    now = settle(&w);
    assert_int_equal(now.last_ms, 0);
    for (int hour = 0; hour < 100; hour++) {
        int64_t before = now.last_ms;
        backup_habit_tick(w.habit);
        now = settle(&w);
        made += now.last_ms != before;
        assert_int_equal(now.failed_ms, 0);
        assert_true(wall - now.last_ms < 24 * 3600000);
        wall += 3600000;
    }
    assert_int_equal(made, 5); /* hours 0, 24, 48, 72, 96 */
    assert_int_equal(count_files(w.dir), 2);
    world_end(&w);
    /* The next run of the server knows the last one. */
    world_begin(&w, *state);
    now = settle(&w);
    assert_true(now.last_ms > 0 && now.last_bytes > 0);
    assert_int_equal(now.last_took_ms, -1);
    backup_habit_tick(w.habit);
    assert_int_equal(settle(&w).last_ms, now.last_ms);
    world_end(&w);
}

static void a_failure_is_told_and_tried_again(void **state)
{
    struct world w;
    struct backup_now now;

    wall = 1795749180000;
    world_begin(&w, *state);
    settle(&w);
    kit_write(w.dir, CORE_STR("a file where the folder should be"));
    backup_habit_tick(w.habit);
    now = settle(&w);
    assert_int_equal(now.failed_ms, wall);
    assert_true(*now.failure);
    assert_int_equal(now.last_ms, 0);
    unlink(w.dir);
    wall += 60000;
    backup_habit_tick(w.habit);
    assert_int_equal(settle(&w).last_ms, 0); /* not each minute */
    wall += 3600000;
    backup_habit_tick(w.habit);
    now = settle(&w);
    assert_int_equal(now.last_ms, wall);
    assert_int_equal(now.failed_ms, 0);
    world_end(&w);
}

/* Older ones stay while newer ones are no good. */
static void nothing_goes_for_one_that_failed(void **state)
{
    struct world w;
    struct backup_now now;

    wall = 1795749180000;
    world_begin(&w, *state);
    settle(&w);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(backup_habit_start(w.habit), 0);
        assert_int_equal(backup_habit_start(w.habit), CORE_EBUSY);
        settle(&w);
        wall += 1000;
    }
    w.plan.passphrase_file = "/nowhere/at/all";
    w.plan.keep = 1;
    backup_habit_plan(w.habit, &w.plan);
    assert_int_equal(backup_habit_start(w.habit), 0);
    now = settle(&w);
    assert_int_equal(now.failed_ms, wall);
    assert_int_equal(count_files(w.dir), 2);
    world_end(&w);
}

static void on_line(void *arg, const struct core_log_line *line)
{
    *(bool *)arg = core_str_eq_c(line->event, "backup.failed");
}

static void an_orderly_stop_is_no_failure(void **state)
{
    const struct core_log_query query = {.level = CORE_LOG_ERROR, .max = 1};
    struct world w;
    struct backup_now now;
    bool failed = false;

    wall = 1795749180000;
    kit_bulk(((struct fixture *)*state)->store, 150);
    world_begin(&w, *state);
    settle(&w);
    double failures = core_metrics_sum("sky_backup_failures_total", NULL);
    assert_int_equal(backup_habit_start(w.habit), 0);
    do
        backup_habit_now(w.habit, &now);
    while (now.running && now.done == 0);
    world_end(&w);
    core_log_kept(&query, on_line, &failed);
    assert_false(failed);
    assert_true(core_metrics_sum("sky_backup_failures_total", NULL) == failures);
    assert_int_equal(count_files(w.dir), 0);
}

static void none_without_a_plan(void **state)
{
    struct world w;

    wall = 1795749180000;
    world_begin(&w, *state);
    settle(&w);
    w.plan.every_h = 0;
    backup_habit_plan(w.habit, &w.plan);
    backup_habit_tick(w.habit);
    assert_int_equal(settle(&w).last_ms, 0);
    assert_int_equal(count_files(w.dir), 0);
    world_end(&w);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_set_up, fixture_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(only_its_own_go),
        TEST(a_series_stays),
        TEST(an_orderly_stop_is_no_failure),
        TEST(one_a_day),
        TEST(a_failure_is_told_and_tried_again),
        TEST(nothing_goes_for_one_that_failed),
        TEST(none_without_a_plan),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
