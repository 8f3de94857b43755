/*
 * test_faults.c: a disk that fills up, fails, tears writes and
 * recovers, and a process that is killed. In all of it: what was
 * acknowledged is there, what was refused is not. (Power: test_power.c)
 */
#include "tests/unit/core/store/fault_vfs.h"
#include "tests/unit/core/store/helper.h"

#include "core/err.h"
#include "core/limits.h"
#include "core/mem.h"

#include <pthread.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static int set_up(void **state)
{
    struct fixture *f;

    fixture_set_up_closed(state);
    f = *state;
    fault_vfs_reset();
    f->vfs = FAULT_VFS;
    fixture_open(f);
    return 0;
}

static int tear_down(void **state)
{
    fault_vfs_reset();
    return fixture_tear_down(state);
}

/* The store notices by itself that the disk works again. */
static void wait_for_health(struct fixture *f)
{
    for (int i = 0; i < 500 && store_health(f->store) < 0; i++)
        usleep(10000);
    assert_int_equal(store_health(f->store), 0);
}

static void wait_for_trouble(struct fixture *f, int code)
{
    for (int i = 0; i < 500 && store_health(f->store) == 0; i++)
        usleep(10000);
    assert_int_equal(store_health(f->store), code);
}

/* --- The disk ------------------------------------------------------------------------------- */

static void a_full_disk_refuses_until_there_is_room(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(put_one(f, STORE_DURABLE, "before", "1"), 0);
    atomic_store(&fault_vfs.write_code, SQLITE_FULL);
    assert_int_equal(put_one(f, STORE_DURABLE, "lost", "1"), CORE_ENOSPACE);
    assert_true(atomic_load(&fault_vfs.writes_failed) > 0);
    assert_int_equal(store_health(f->store), CORE_ENOSPACE);
    assert_int_equal(put_one(f, STORE_RELAXED, "refused", "1"), CORE_ENOSPACE);
    assert_int_equal(count_rows(f), 1); /* reading goes on */
    atomic_store(&fault_vfs.write_code, 0);
    wait_for_health(f);
    assert_int_equal(put_one(f, STORE_DURABLE, "after", "1"), 0);
    fixture_reopen(f);
    assert_int_equal(count_rows(f), 2);
}

static void a_failed_sync_is_not_swallowed(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(put_one(f, STORE_RELAXED, "early", "1"), 0);
    atomic_store(&fault_vfs.sync_code, SQLITE_IOERR_FSYNC);
    assert_int_equal(put_one(f, STORE_DURABLE, "lost", "1"), CORE_EIO);
    assert_int_equal(store_health(f->store), CORE_EIO);
    atomic_store(&fault_vfs.sync_code, 0);
    wait_for_health(f);
    assert_int_equal(count_rows(f), 1);
    atomic_store(&fault_vfs.sync_code, SQLITE_IOERR_FSYNC);
    /* Accepted, and found out when it is to reach the disk a moment later. */
    assert_int_equal(put_one(f, STORE_RELAXED, "relaxed", "1"), 0);
    wait_for_trouble(f, CORE_EIO);
    assert_true(atomic_load(&fault_vfs.syncs_failed) >= 2);
    atomic_store(&fault_vfs.sync_code, 0);
    wait_for_health(f);
    fixture_reopen(f);
    assert_int_equal(count_rows(f), 2);
}

static void copy_file(const char *from, const char *to)
{
    const struct core_env *env = core_env_real();
    struct core_buf b;

    core_buf_init(&b, 64u << 20);
    assert_int_equal(env->fs->read(env->ctx, from, &b), 0);
    assert_int_equal(env->fs->write(env->ctx, to, core_buf_str(&b), 0600), 0);
    core_buf_done(&b);
}

/* What a kill -9 at this moment would leave behind. */
static int64_t count_rows_of_a_copy(struct fixture *f)
{
    static unsigned copies;
    struct fixture copy = {.loop = f->loop};
    char from[192];
    char to[192];
    int64_t n;

    snprintf(copy.dir, sizeof copy.dir, "%.100s/copy%u", f->dir, copies++);
    snprintf(copy.path, sizeof copy.path, "%.120s/sky.db", copy.dir);
    assert_int_equal(mkdir(copy.dir, 0700), 0);
    copy_file(f->path, copy.path);
    snprintf(from, sizeof from, "%s-wal", f->path);
    snprintf(to, sizeof to, "%s-wal", copy.path);
    copy_file(from, to);
    fixture_open(&copy);
    n = count_rows(&copy);
    fixture_close(&copy);
    return n;
}

/* Its bytes were written before the sync failed: recovery would find a whole transaction. */
static void a_refused_batch_does_not_come_back(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(put_one(f, STORE_DURABLE, "a", "1"), 0);
    atomic_store(&fault_vfs.sync_code, SQLITE_IOERR_FSYNC);
    assert_int_equal(put_one(f, STORE_DURABLE, "refused", "1"), CORE_EIO);
    assert_int_equal(store_health(f->store), CORE_EIO);
    assert_int_equal(count_rows_of_a_copy(f), 1);
}

static void relaxed_batches_reach_the_disk_within_a_second(void **state)
{
    struct fixture *f = *state;
    unsigned before;

    assert_int_equal(put_one(f, STORE_DURABLE, "a", "1"), 0);
    usleep(100000);
    before = atomic_load(&fault_vfs.log_syncs);
    assert_int_equal(put_one(f, STORE_RELAXED, "b", "1"), 0);
    assert_int_equal(atomic_load(&fault_vfs.log_syncs), before);
    for (int i = 0; i < 95 && atomic_load(&fault_vfs.log_syncs) == before; i++)
        usleep(10000);
    assert_int_equal(atomic_load(&fault_vfs.log_syncs), before + 1);
    assert_int_equal(put_one(f, STORE_DURABLE, "c", "1"), 0);
    assert_int_equal(atomic_load(&fault_vfs.log_syncs), before + 2);
    usleep((CORE_LIMIT_STORE_SYNC_MS + 200) * 1000);
    assert_int_equal(atomic_load(&fault_vfs.log_syncs), before + 2); /* nothing left to sync */
}

static void a_read_that_fails_is_one_error(void **state)
{
    struct fixture *f = *state;
    int64_t n = -1;

    for (char key[] = "a"; key[0] <= 'z'; key[0]++)
        assert_int_equal(put_one(f, STORE_DURABLE, key, "1"), 0);
    fixture_reopen(f); /* nothing is in a cache */
    atomic_store(&fault_vfs.read_code, SQLITE_IOERR_READ);
    assert_int_equal(store_read_i64(f->store, COUNT, NULL, 0, &n), CORE_EIO);
    assert_int_equal(n, -1);
    assert_true(atomic_load(&fault_vfs.reads_failed) > 0);
    /* The writer has to read before it writes. */
    assert_int_equal(put_one(f, STORE_DURABLE, "lost", "1"), CORE_EIO);
    atomic_store(&fault_vfs.read_code, 0);
    wait_for_health(f);
    assert_int_equal(count_rows(f), 26);
    assert_int_equal(put_one(f, STORE_DURABLE, "after", "1"), 0);
    assert_int_equal(count_rows(f), 27);
}

/* Half of a frame is in the log; neither recovery nor what is written after may take it for one. */
static void a_torn_write_is_no_write(void **state)
{
    struct fixture *f = *state;
    char why[256];
    char big[32768]; /* eight pages: more writes than the rounds let pass */

    memset(big, 'x', sizeof big - 1);
    big[sizeof big - 1] = 0;
    assert_int_equal(put_one(f, STORE_DURABLE, "a", "1"), 0);
    for (int after = 0; after < 8; after++) {
        unsigned torn = atomic_load(&fault_vfs.torn);
        atomic_store(&fault_vfs.tear, 1);
        atomic_store(&fault_vfs.after, after);
        atomic_store(&fault_vfs.write_code, SQLITE_IOERR_WRITE);
        assert_int_equal(put_one(f, STORE_DURABLE, "torn", big), CORE_EIO);
        assert_true(atomic_load(&fault_vfs.torn) > torn);
        assert_int_equal(count_rows_of_a_copy(f), 1);
        atomic_store(&fault_vfs.write_code, 0);
        wait_for_health(f);
        assert_int_equal(count_rows(f), 1);
    }
    fixture_reopen(f);
    assert_int_equal(count_rows(f), 1);
    assert_int_equal(store_check(f->store, why, sizeof why), 0);
}

static void random_faults_lose_nothing_acknowledged(void **state)
{
    struct fixture *f = *state;
    static const int codes[] = {SQLITE_FULL, SQLITE_IOERR_WRITE};
    enum { ROUNDS = 600 };
    uint64_t seed = chosen_seed(99);
    char key[16];
    int64_t stored = 0;
    char why[256];

    for (int i = 0; i < ROUNDS; i++) {
        enum store_durability d = dice(&seed) % 2 ? STORE_DURABLE : STORE_RELAXED;
        if (dice(&seed) % 75 == 0) {
            atomic_store(&fault_vfs.after, (int)(dice(&seed) % 12));
            atomic_store(&fault_vfs.tear, (int)(dice(&seed) % 2));
            atomic_store(dice(&seed) % 2 ? &fault_vfs.write_code : &fault_vfs.sync_code,
                         codes[dice(&seed) % 2]);
        }
        snprintf(key, sizeof key, "%d", i);
        if (put_one(f, d, key, "x") == 0)
            stored++;
        assert_int_equal(count_rows(f), stored);
        if (store_health(f->store) < 0) {
            atomic_store(&fault_vfs.write_code, 0);
            atomic_store(&fault_vfs.sync_code, 0);
            wait_for_health(f);
        }
    }
    assert_true(atomic_load(&fault_vfs.writes_failed) + atomic_load(&fault_vfs.syncs_failed) > 3);
    fault_vfs_reset();
    wait_for_health(f);
    fixture_reopen(f);
    assert_int_equal(count_rows(f), stored);
    assert_int_equal(store_check(f->store, why, sizeof why), 0);
}

/* --- The log -------------------------------------------------------------------------------- */

struct keeper {
    struct fixture *f;
    atomic_bool reading;
    atomic_bool release;
};

static int keep_reading(void *arg)
{
    struct keeper *k = arg;

    count_rows(k->f);
    atomic_store(&k->reading, true);
    while (!atomic_load(&k->release))
        usleep(1000);
    return 0;
}

static void *keeper_main(void *arg)
{
    struct keeper *k = arg;

    store_snapshot(k->f->store, keep_reading, k);
    return NULL;
}

static off_t log_size(struct fixture *f)
{
    char path[192];
    struct stat st;

    snprintf(path, sizeof path, "%s-wal", f->path);
    assert_int_equal(stat(path, &st), 0);
    return st.st_size;
}

static void write_megabytes(struct fixture *f, int n)
{
    char *big = core_alloc(1 << 20);

    for (int i = 0; i < n; i++) {
        struct store_batch *b = store_batch_new(STORE_RELAXED);
        memset(big, i, 1 << 20); /* equal pages would not be written again */
        store_put(b, 1,
                  "INSERT INTO setting (key, value) VALUES ('big', $1)"
                  " ON CONFLICT (key) DO UPDATE SET value = excluded.value",
                  STORE_B(big, 1 << 20));
        assert_int_equal(store_write_wait(f->store, b), 0);
    }
    free(big);
}

static void the_log_shrinks_when_readers_let_it(void **state)
{
    struct fixture *f = *state;
    struct keeper k = {.f = f};
    pthread_t thread;

    write_megabytes(f, 20);
    /* Copied back again and again: it starts anew. */
    assert_true(log_size(f) < 10 << 20);
    pthread_create(&thread, NULL, keeper_main, &k);
    while (!atomic_load(&k.reading))
        usleep(1000);
    write_megabytes(f, 66);
    assert_true(log_size(f) > 64 << 20);
    atomic_store(&k.release, true);
    pthread_join(thread, NULL);
    write_megabytes(f, 2);
    assert_true(log_size(f) < 10 << 20);
}

/* --- kill -9 -------------------------------------------------------------------------------- */

/* Writes k0, k1, …, several batches at a time, and tells each acknowledgement through the pipe. */
struct diary {
    int fd;
    unsigned number;
};

static void tell(void *arg, int status)
{
    struct diary *d = arg;

    if (status != 0 || write(d->fd, &d->number, sizeof d->number) != sizeof d->number)
        _exit(1);
}

static _Noreturn void child_main(struct fixture *f, int fd)
{
    static struct diary entries[1 << 20];

    f->loop = core_loop_new(core_env_real());
    fixture_open(f);
    for (unsigned i = 0;; i++) {
        struct store_batch *b = store_batch_new(i % 3 ? STORE_RELAXED : STORE_DURABLE);
        entries[i] = (struct diary){fd, i};
        /* Two rows that belong together. */
        store_put(b, 1, "INSERT INTO setting VALUES ('a' || $1, 'x')", STORE_I(i));
        store_put(b, 1, "INSERT INTO setting VALUES ('b' || $1, 'x')", STORE_I(i));
        store_write(f->store, b, tell, &entries[i]);
        if (i % 16 == 0)
            core_loop_turn(f->loop);
        if (i + 1 == sizeof entries / sizeof *entries)
            _exit(1);
        /* The queue is bounded and this loop is faster than a disk. */
        usleep(50);
    }
}

static int forget_number(void *arg, const struct store_row *row)
{
    int64_t i = store_row_i64(row, 0);
    unsigned char *missing = arg;

    missing[i] = 0;
    return 0;
}

static void a_killed_process_loses_nothing_acknowledged(void **state)
{
    struct fixture *f = *state;
    uint64_t seed = chosen_seed(5);
    char why[256];

    for (int round = 0; round < 8; round++) {
        unsigned char *missing = calloc(1, 1 << 20);
        unsigned number;
        unsigned enough = 1 + dice(&seed) % 400;
        unsigned acknowledged = 0;
        int fds[2];
        int status;
        pid_t child;

        assert_int_equal(pipe(fds), 0);
        fflush(NULL);
        child = fork();
        if (child == 0) {
            close(fds[0]);
            child_main(f, fds[1]);
        }
        close(fds[1]);
        while (read(fds[0], &number, sizeof number) == sizeof number) {
            missing[number] = 1;
            if (++acknowledged == enough)
                kill(child, SIGKILL);
        }
        assert_true(acknowledged >= enough);
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status));
        close(fds[0]);
        fixture_open(f);
        assert_int_equal(store_read(f->store,
                                    "SELECT substr(a.key, 2) FROM setting a JOIN setting b"
                                    " ON b.key = 'b' || substr(a.key, 2) WHERE a.key LIKE 'a%'",
                                    NULL, 0, forget_number, missing),
                         0);
        for (unsigned i = 0; i < 1 << 20; i++)
            assert_int_equal(missing[i], 0);
        /* Whole batches only. */
        assert_int_equal(count_rows(f) % 2, 0);
        assert_int_equal(store_check(f->store, why, sizeof why), 0);
        fixture_close(f);
        unlink(f->path);
        free(missing);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_full_disk_refuses_until_there_is_room),
        TEST(a_failed_sync_is_not_swallowed),
        TEST(a_refused_batch_does_not_come_back),
        TEST(relaxed_batches_reach_the_disk_within_a_second),
        TEST(a_read_that_fails_is_one_error),
        TEST(a_torn_write_is_no_write),
        TEST(random_faults_lose_nothing_acknowledged),
        TEST(the_log_shrinks_when_readers_let_it),
        cmocka_unit_test_setup_teardown(a_killed_process_loses_nothing_acknowledged,
                                        fixture_set_up_closed, fixture_tear_down),
    };
    return cmocka_run_group_tests_name("core_store_faults", tests, NULL, NULL);
}
