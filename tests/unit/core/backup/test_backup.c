/* test_backup.c: backups made, checked and put back;
 * and every kind of file that is none, or was changed. */
#include "tests/unit/core/backup/kit.h"

#include "core/backup/file.h"
#include "core/backup/fill.h"
#include "core/backup/frame.h"
#include "core/backup/le.h"
#include "core/err.h"
#include "core/mem.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define PASS "correct horse battery"

struct place {
    struct fixture *f;
    char file[160], other[160], target[160], part[192];
};

static struct place place_of(void **state)
{
    struct place p = {.f = *state};

    snprintf(p.file, sizeof p.file, "%s/a.skybak", p.f->dir);
    snprintf(p.other, sizeof p.other, "%s/b.skybak", p.f->dir);
    snprintf(p.target, sizeof p.target, "%s/target", p.f->dir);
    snprintf(p.part, sizeof p.part, "%s/a.skybak.part", p.f->dir);
    return p;
}

static void keys_make(const struct fixture *f)
{
    const struct core_env *env = core_env_real();
    char path[256];

    snprintf(path, sizeof path, "%s/keys", f->dir);
    assert_int_equal(env->fs->mkdirs(env->ctx, path, 0700), 0);
    snprintf(path, sizeof path, "%s/keys/node.key", f->dir);
    kit_write(path, CORE_STR("secret of the node"));
    snprintf(path, sizeof path, "%s/owner.token", f->dir);
    kit_write(path, CORE_STR("token\n"));
}

/* --- There and back ------------------------------------------------------------------------- */

static void comes_back_as_it_was(void **state)
{
    struct place p = place_of(state);
    struct backup_info made, seen, put, again;
    struct store *store;
    struct stat st;

    kit_rows(p.f->store, 0, 5);
    kit_bulk(p.f->store, 20);
    assert_int_equal(kit_make(p.f->store, p.file, NULL, NULL, &made), 0);
    assert_int_equal(stat(p.file, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(st.st_size, made.bytes);
    assert_false(kit_exists(p.part));
    assert_int_equal(kit_verify(p.file, NULL, &seen), 0);
    assert_memory_equal(&made, &seen, sizeof made);
    assert_int_equal(kit_restore(p.file, NULL, p.target, false, &put), 0);
    store = kit_open(p.target, 0, false);
    assert_int_equal(kit_make(store, p.other, NULL, NULL, &again), 0);
    assert_memory_equal(made.digest, again.digest, sizeof made.digest);
    assert_int_equal(made.rows, again.rows);
    assert_int_equal(store_check(store, p.f->why, sizeof p.f->why), 0);
    assert_false(backup_unfinished(store));
    store_free(store);
}

/* Types as SQLite keeps them, not only as they are declared. */
static void values_keep_their_types(void **state)
{
    struct place p = place_of(state);
    struct backup_info info;
    struct store_tables *tables;
    struct store *store;
    char sql[256];
    int64_t a, b;

    kit_rows(p.f->store, 0, 4);
    assert_int_equal(kit_make(p.f->store, p.file, NULL, NULL, &info), 0);
    assert_int_equal(kit_restore(p.file, NULL, p.target, false, &info), 0);
    store = kit_open(p.target, 0, true);
    assert_int_equal(store_tables(store, &tables), 0);
    assert_true(tables->count > 30);
    for (unsigned t = 0; t < tables->count; t++) {
        for (unsigned c = 0; c < tables->tables[t].column_count; c++) {
            snprintf(sql, sizeof sql, "SELECT count(*) FROM \"%s\" WHERE typeof(\"%s\") = 'blob'",
                     tables->tables[t].name, tables->tables[t].columns[c].name);
            assert_int_equal(store_read_i64(store, sql, NULL, 0, &a), 0);
            assert_int_equal(store_read_i64(p.f->store, sql, NULL, 0, &b), 0);
            assert_int_equal(a, b);
        }
    }
    free(tables);
    store_free(store);
}

static void keyword_search_comes_back(void **state)
{
    struct place p = place_of(state);
    struct backup_info info;
    struct store *store;
    int64_t n;

    kit_rows(p.f->store, 0, 4);
    assert_int_equal(kit_make(p.f->store, p.file, NULL, NULL, &info), 0);
    assert_int_equal(kit_restore(p.file, NULL, p.target, false, &info), 0);
    store = kit_open(p.target, 0, false);
    assert_int_equal(
        store_read_i64(store, "SELECT count(*) FROM chunk_fts WHERE chunk_fts MATCH 'heading'",
                       NULL, 0, &n),
        0);
    assert_int_equal(n, 4);
    store_free(store);
}

static void a_sealed_one_needs_its_passphrase(void **state)
{
    struct place p = place_of(state);
    struct backup_info made, info;
    struct core_buf bytes;
    char path[256];

    keys_make(p.f);
    kit_rows(p.f->store, 0, 3);
    assert_int_equal(kit_make(p.f->store, p.file, NULL, p.f->dir, &info), CORE_EAUTH);
    assert_false(kit_exists(p.file) || kit_exists(p.part));
    assert_int_equal(kit_make(p.f->store, p.file, PASS, p.f->dir, &made), 0);
    assert_true(made.sealed && made.keys);
    assert_int_equal(made.files, 2);
    kit_read(p.file, &bytes);
    assert_int_equal(core_str_find(core_buf_str(&bytes), CORE_STR("secret")), -1);
    core_buf_done(&bytes);
    assert_int_equal(kit_verify(p.file, NULL, &info), CORE_EAUTH);
    assert_int_equal(kit_verify(p.file, PASS "!", &info), CORE_EDENIED);
    assert_int_equal(kit_restore(p.file, PASS "!", p.target, false, &info), CORE_EDENIED);
    assert_false(kit_exists(p.target));
    assert_int_equal(kit_verify(p.file, PASS, &info), 0);
    assert_int_equal(kit_restore(p.file, PASS, p.target, false, &info), 0);
    snprintf(path, sizeof path, "%s/keys/node.key", p.target);
    kit_read(path, &bytes);
    assert_true(core_str_eq_c(core_buf_str(&bytes), "secret of the node"));
    core_buf_done(&bytes);
}

static void two_of_the_same_are_not_the_same(void **state)
{
    struct place p = place_of(state);
    struct backup_info one, two;
    struct core_buf a, b;

    assert_int_equal(kit_make(p.f->store, p.file, PASS, NULL, &one), 0);
    assert_int_equal(kit_make(p.f->store, p.other, PASS, NULL, &two), 0);
    assert_memory_equal(one.digest, two.digest, sizeof one.digest);
    kit_read(p.file, &a);
    kit_read(p.other, &b);
    assert_memory_not_equal(a.ptr + 56, b.ptr + 56, BACKUP_SALT_SIZE);
    assert_memory_not_equal(a.ptr + BACKUP_HEAD_SIZE + BACKUP_FRAME_HEAD,
                            b.ptr + BACKUP_HEAD_SIZE + BACKUP_FRAME_HEAD, 32);
    core_buf_done(&a);
    core_buf_done(&b);
}

static void a_store_is_copied(void **state)
{
    struct place p = place_of(state);
    const struct backup_place from = {"sqlite", p.f->dir}, to = {"sqlite", p.target};
    struct backup_info copied, made;
    struct store *store;
    char why[512];

    kit_rows(p.f->store, 0, 6);
    kit_bulk(p.f->store, 8);
    assert_int_equal(kit_make(p.f->store, p.file, NULL, NULL, &made), 0);
    fixture_close(p.f);
    assert_int_equal(
        backup_migrate(core_env_real(), &from, &to, &kit_quiet, &copied, why, sizeof why), 0);
    assert_memory_equal(copied.digest, made.digest, sizeof made.digest);
    store = kit_open(p.target, 0, false);
    assert_int_equal(kit_count(store, "account"), 6);
    store_free(store);
    assert_int_equal(
        backup_migrate(core_env_real(), &from, &to, &kit_quiet, &copied, why, sizeof why),
        CORE_EEXISTS);
}

/* --- Refused -------------------------------------------------------------------------------- */

/* Not good, and nothing was touched. */
static void assert_bad(const struct place *p, struct core_str bytes, const char *passphrase)
{
    struct backup_info info;

    kit_write(p->other, bytes);
    assert_int_not_equal(kit_verify(p->other, passphrase, &info), 0);
    assert_int_not_equal(kit_restore(p->other, passphrase, p->target, false, &info), 0);
    assert_false(kit_exists(p->target));
}

static size_t frames_of(struct core_str file, size_t *at, size_t max)
{
    size_t n = 0;

    for (size_t i = BACKUP_HEAD_SIZE; i < file.len && n < max;) {
        at[n++] = i;
        i += BACKUP_FRAME_HEAD + backup_le_get((const unsigned char *)file.ptr + i + 8, 4) +
             BACKUP_CHECK_SIZE;
    }
    return n;
}

static void cut_short_anywhere(void **state)
{
    struct place p = place_of(state);
    struct backup_info info;
    struct core_buf file;
    size_t at[64];

    kit_rows(p.f->store, 0, 3);
    kit_bulk(p.f->store, 8);
    assert_int_equal(kit_make(p.f->store, p.file, NULL, NULL, &info), 0);
    kit_read(p.file, &file);
    size_t n = frames_of(core_buf_str(&file), at, 64);
    assert_true(n > 20);
    for (size_t i = 0; i < n; i++) {
        assert_bad(&p, core_strn(file.ptr, at[i]), NULL);
        assert_bad(&p, core_strn(file.ptr, at[i] + 1), NULL);
        assert_bad(&p, core_strn(file.ptr, at[i] - 1), NULL);
    }
    assert_bad(&p, core_strn(file.ptr, file.len - 1), NULL);
    assert_bad(&p, core_strn(file.ptr, 0), NULL);
    core_buf_add_byte(&file, 0);
    assert_bad(&p, core_buf_str(&file), NULL);
    core_buf_done(&file);
}

static void altered_anywhere(void **state)
{
    struct place p = place_of(state);
    struct backup_info info;
    struct core_buf file;
    uint64_t seed = chosen_seed(11);

    kit_rows(p.f->store, 0, 3);
    assert_int_equal(kit_make(p.f->store, p.file, NULL, NULL, &info), 0);
    kit_read(p.file, &file);
    for (int i = 0; i < 700; i++) {
        /* The head in any case, every byte of it. */
        size_t at = i < BACKUP_HEAD_SIZE ? (size_t)i : dice(&seed) % file.len;
        unsigned char flip = (unsigned char)(1u << dice(&seed) % 8);
        file.ptr[at] = (char)(file.ptr[at] ^ flip);
        kit_write(p.other, core_buf_str(&file));
        if (kit_verify(p.other, NULL, &info) == 0)
            fail_msg("bit %02x of byte %zu is not noticed", flip, at);
        if (i % 10 == 0)
            assert_bad(&p, core_buf_str(&file), NULL);
        file.ptr[at] = (char)(file.ptr[at] ^ flip);
    }
    core_buf_done(&file);
}

static void altered_where_it_is_sealed(void **state)
{
    struct place p = place_of(state);
    struct backup_info info;
    struct core_buf file;
    uint64_t seed = chosen_seed(12);

    kit_rows(p.f->store, 0, 3);
    assert_int_equal(kit_make(p.f->store, p.file, PASS, NULL, &info), 0);
    kit_read(p.file, &file);
    for (int i = 0; i < 12; i++) {
        size_t at = BACKUP_HEAD_SIZE + dice(&seed) % (file.len - BACKUP_HEAD_SIZE);
        file.ptr[at] ^= 4;
        assert_bad(&p, core_buf_str(&file), PASS);
        file.ptr[at] ^= 4;
    }
    core_buf_done(&file);
}

/* Every frame is right by itself; only its place is not. */
static void frames_in_another_order(void **state)
{
    struct place p = place_of(state);
    struct backup_info info;
    struct core_buf file, twisted;
    size_t at[64], n;

    kit_rows(p.f->store, 0, 3);
    kit_bulk(p.f->store, 8);
    assert_int_equal(kit_make(p.f->store, p.file, NULL, NULL, &info), 0);
    kit_read(p.file, &file);
    n = frames_of(core_buf_str(&file), at, 63);
    at[n] = file.len;
    core_buf_init(&twisted, 64u << 20);
    for (size_t i = 1; i + 2 < n; i += 3) {
        core_buf_clear(&twisted); /* i and i + 1 change places */
        core_buf_add(&twisted, file.ptr, at[i]);
        core_buf_add(&twisted, file.ptr + at[i + 1], at[i + 2] - at[i + 1]);
        core_buf_add(&twisted, file.ptr + at[i], at[i + 1] - at[i]);
        core_buf_add(&twisted, file.ptr + at[i + 2], file.len - at[i + 2]);
        assert_bad(&p, core_buf_str(&twisted), NULL);
        core_buf_clear(&twisted); /* i is gone */
        core_buf_add(&twisted, file.ptr, at[i]);
        core_buf_add(&twisted, file.ptr + at[i + 1], file.len - at[i + 1]);
        assert_bad(&p, core_buf_str(&twisted), NULL);
        core_buf_clear(&twisted); /* i comes twice */
        core_buf_add(&twisted, file.ptr, at[i + 1]);
        core_buf_add(&twisted, file.ptr + at[i], file.len - at[i]);
        assert_bad(&p, core_buf_str(&twisted), NULL);
    }
    core_buf_done(&twisted);
    core_buf_done(&file);
}

/* The head of one, a frame of the other: of the same rows at the same number. */
static void frames_of_another_backup(void **state)
{
    struct place p = place_of(state);
    struct backup_info info;
    struct core_buf a, b;
    size_t at[64];

    kit_rows(p.f->store, 0, 3);
    assert_int_equal(kit_make(p.f->store, p.file, NULL, NULL, &info), 0);
    assert_int_equal(kit_make(p.f->store, p.other, NULL, NULL, &info), 0);
    kit_read(p.file, &a);
    kit_read(p.other, &b);
    assert_int_equal(a.len, b.len);
    size_t n = frames_of(core_buf_str(&a), at, 64);
    memcpy(a.ptr + at[2], b.ptr + at[2], at[3] - at[2]);
    assert_true(n > 10);
    assert_bad(&p, core_buf_str(&a), NULL);
    core_buf_done(&a);
    core_buf_done(&b);
}

static void files_that_are_none(void **state)
{
    struct place p = place_of(state);
    struct backup_info info;
    struct core_buf db;
    char zeros[400] = "";

    kit_read(p.f->path, &db);
    assert_bad(&p, core_buf_str(&db), NULL);
    core_buf_done(&db);
    assert_bad(&p, core_strn(zeros, sizeof zeros), NULL);
    assert_bad(&p, CORE_STR("SKYBAK\r\n"), NULL);
    assert_int_equal(kit_verify(p.f->dir, NULL, &info), CORE_EPROTO);
    assert_int_equal(kit_verify("/dev/null", NULL, &info), CORE_EPROTO);
    assert_int_equal(kit_verify("/nowhere/at/all", NULL, &info), CORE_ENOTFOUND);
}

static void a_newer_form_is_told(void **state)
{
    struct place p = place_of(state);
    struct backup_info info;
    struct core_buf file;

    assert_int_equal(kit_make(p.f->store, p.file, NULL, NULL, &info), 0);
    kit_read(p.file, &file);
    file.ptr[8] = 2;
    kit_write(p.other, core_buf_str(&file));
    assert_int_equal(kit_verify(p.other, NULL, &info), CORE_ENEWER);
    core_buf_done(&file);
}

/* --- In the way ----------------------------------------------------------------------------- */

static void what_is_there_stays(void **state)
{
    struct place p = place_of(state);
    struct backup_info info;
    char path[256];
    int fd;

    assert_int_equal(kit_make(p.f->store, p.file, NULL, NULL, &info), 0);
    assert_int_equal(kit_make(p.f->store, p.file, NULL, NULL, &info), CORE_EEXISTS);
    assert_int_equal(kit_verify(p.file, NULL, &info), 0);
    /* What a killed one left is written over; what another one writes is not. */
    snprintf(path, sizeof path, "%s.part", p.other);
    kit_write(path, CORE_STR("half of one"));
    assert_int_equal(kit_make(p.f->store, p.other, NULL, NULL, &info), 0);
    unlink(p.other);
    assert_int_equal(backup_part_open(p.other, &fd), 0);
    assert_int_equal(kit_make(p.f->store, p.other, NULL, NULL, &info), CORE_EBUSY);
    assert_int_equal(backup_part_close(p.other, fd, false), 0);
    assert_false(kit_exists(path));
    /* A folder with a file, an empty one, what a killed restore left. */
    assert_int_equal(kit_restore(p.file, NULL, p.f->dir, false, &info), CORE_EEXISTS);
    assert_int_equal(mkdir(p.target, 0700), 0);
    snprintf(path, sizeof path, "%s.part", p.target);
    assert_int_equal(mkdir(path, 0700), 0);
    snprintf(path, sizeof path, "%s.part/sky.db", p.target);
    kit_write(path, CORE_STR("half of a store"));
    assert_int_equal(kit_restore(p.file, NULL, p.target, false, &info), 0);
    snprintf(path, sizeof path, "%s.part", p.target);
    assert_false(kit_exists(path));
}

/* In a process of its own: the limit stays. */
static void a_full_disk_leaves_nothing(void **state)
{
    struct place p = place_of(state);
    struct backup_info info;
    int status;

    kit_bulk(p.f->store, 8);
    fixture_close(p.f);
    pid_t pid = fork();
    if (pid == 0) {
        const struct rlimit limit = {1 << 20, 1 << 20};
        signal(SIGXFSZ, SIG_IGN);
        struct store *store = kit_open(p.f->dir, 0, true);
        setrlimit(RLIMIT_FSIZE, &limit);
        int err = kit_make(store, p.file, NULL, NULL, &info);
        _exit(err == 0 ? 1 : kit_exists(p.file) || kit_exists(p.part) ? 2 : 0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

/* A stack as large as all addresses: no thread starts. */
static void without_threads_it_is_told(void **state)
{
    struct place p = place_of(state);
    struct backup_info info;
    pthread_attr_t usual, huge;

    assert_int_equal(pthread_getattr_default_np(&usual), 0);
    assert_int_equal(pthread_attr_init(&huge), 0);
    assert_int_equal(pthread_attr_setstacksize(&huge, (size_t)1 << 47), 0);
    assert_int_equal(pthread_setattr_default_np(&huge), 0);
    assert_int_equal(kit_make(p.f->store, p.file, NULL, NULL, &info), CORE_ELIMIT);
    assert_int_equal(pthread_setattr_default_np(&usual), 0);
    assert_false(kit_exists(p.file) || kit_exists(p.part));
    assert_int_equal(kit_make(p.f->store, p.file, NULL, NULL, &info), 0);
    pthread_attr_destroy(&huge);
    pthread_attr_destroy(&usual);
}

/* The folder whose disk fails; 0: none. */
static ino_t sync_fails;
static unsigned syncs_failed;

/* Stands before the one of the system. */
int fsync(int fd)
{
    struct stat st;

    if (sync_fails && fstat(fd, &st) == 0 && st.st_ino == sync_fails) {
        syncs_failed++;
        errno = EIO;
        return -1;
    }
    return (int)syscall(SYS_fsync, fd);
}

static void fail_syncs_of(const char *folder)
{
    struct stat st;

    assert_int_equal(stat(folder, &st), 0);
    sync_fails = st.st_ino;
    syncs_failed = 0;
}

static void what_failed_is_not_there(void **state)
{
    struct place p = place_of(state);
    const struct backup_place from = {"sqlite", p.f->dir}, to = {"sqlite", p.target};
    struct backup_info info;
    char path[256], why[256];

    assert_int_equal(kit_make(p.f->store, p.file, NULL, NULL, &info), 0);
    fail_syncs_of(p.f->dir);
    assert_int_equal(kit_make(p.f->store, p.other, NULL, NULL, &info), CORE_EIO);
    assert_false(kit_exists(p.other));
    snprintf(path, sizeof path, "%s.part", p.other);
    assert_false(kit_exists(path));
    assert_int_equal(kit_restore(p.file, NULL, p.target, false, &info), CORE_EIO);
    assert_false(kit_exists(p.target));
    snprintf(path, sizeof path, "%s.part", p.target);
    assert_false(kit_exists(path));
    assert_int_equal(syncs_failed, 2);
    assert_int_equal(mkdir(p.target, 0700), 0);
    fail_syncs_of(p.target);
    assert_int_equal(
        backup_migrate(core_env_real(), &from, &to, &kit_quiet, &info, why, sizeof why), CORE_EIO);
    assert_int_equal(syncs_failed, 1);
    sync_fails = 0;
    assert_int_equal(rmdir(p.target), 0); /* it is empty */
    assert_int_equal(kit_restore(p.file, NULL, p.target, false, &info), 0);
}

static void a_store_half_filled_is_known(void **state)
{
    struct place p = place_of(state);
    struct store_tables *tables;
    struct backup_fill *fill;
    struct backup_info info;
    struct store *store = kit_open(p.target, 0, false);

    assert_int_equal(store_tables(store, &tables), 0);
    assert_int_equal(backup_fill_begin(store, tables, &fill), 0);
    backup_fill_free(fill); /* as if killed */
    assert_true(backup_unfinished(store));
    assert_int_equal(kit_make(store, p.file, NULL, NULL, &info), CORE_EMISMATCH);
    kit_rows(store, 0, 2); /* rows that came before it was killed */
    assert_int_equal(backup_fill_begin(store, tables, &fill), 0);
    assert_int_equal(kit_count(store, "account"), 0);
    assert_int_equal(backup_fill_end(fill, true), 0);
    backup_fill_free(fill);
    assert_true(backup_unfinished(store));
    assert_int_equal(backup_fill_unmark(store), 0);
    assert_false(backup_unfinished(store));
    kit_rows(store, 0, 2);
    assert_int_equal(backup_fill_begin(store, tables, &fill), CORE_EEXISTS);
    assert_int_equal(kit_count(store, "account"), 2);
    free(tables);
    store_free(store);
}

static int count_calls(void *arg, uint64_t done, uint64_t total)
{
    assert_true(done <= total);
    return ++*(int *)arg;
}

static void on_progress(void *arg, uint64_t done, uint64_t total)
{
    count_calls(arg, done, total);
}

static void it_can_be_stopped(void **state)
{
    struct place p = place_of(state);
    struct backup_info info;
    atomic_bool stop = true;
    int calls = 0;
    char why[256];
    struct backup_options o = {.env = core_env_real(),
                               .store = p.f->store,
                               .path = p.file,
                               .progress = {on_progress, &calls, &stop}};

    assert_int_equal(backup_make(&o, &info, why, sizeof why), CORE_ECANCELLED);
    assert_false(kit_exists(p.file) || kit_exists(p.part));
    stop = false;
    assert_int_equal(backup_make(&o, &info, why, sizeof why), 0);
    assert_true(calls > 1);
    stop = true;
    assert_int_equal(backup_verify(p.file, CORE_STR(""), &o.progress, &info, why, sizeof why),
                     CORE_ECANCELLED);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_set_up, fixture_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(comes_back_as_it_was),
        TEST(values_keep_their_types),
        TEST(keyword_search_comes_back),
        TEST(a_sealed_one_needs_its_passphrase),
        TEST(two_of_the_same_are_not_the_same),
        TEST(a_store_is_copied),
        TEST(cut_short_anywhere),
        TEST(altered_anywhere),
        TEST(altered_where_it_is_sealed),
        TEST(frames_in_another_order),
        TEST(frames_of_another_backup),
        TEST(files_that_are_none),
        TEST(a_newer_form_is_told),
        TEST(what_is_there_stays),
        TEST(a_full_disk_leaves_nothing),
        TEST(without_threads_it_is_told),
        TEST(what_failed_is_not_there),
        TEST(a_store_half_filled_is_known),
        TEST(it_can_be_stopped),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
