/* test_env.c: ids and time stamps from a fake clock, files and randomness from the real machine. */
#include "core/env.h"

#include "core/err.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

static int64_t fake_wall(void *ctx)
{
    return *(int64_t *)ctx;
}

static void fake_random(void *ctx, void *out, size_t len)
{
    (void)ctx;
    memset(out, 0xff, len);
}

static void counting(void *ctx, void *out, size_t len)
{
    (void)ctx;
    for (size_t i = 0; i < len; i++)
        ((unsigned char *)out)[i] = (unsigned char)(0xf0 - 0x17 * i);
}

static void ids_are_128_bits(void **state)
{
    (void)state;
    int64_t now = INT64_C(0x91a2b3c4d5e6);
    struct core_env env = {.ctx = &now, .wall_ms = fake_wall, .random = counting};
    char id[CORE_ID_SIZE];
    core_id_new(&env, id);
    assert_string_equal(id, "4hmasw9nf6y3cw5awmfnk4ye11");
}

static void ids_sort_by_time(void **state)
{
    (void)state;
    int64_t now = 0;
    struct core_env env = {.ctx = &now, .wall_ms = fake_wall, .random = fake_random};
    char id[CORE_ID_SIZE];
    core_id_new(&env, id);
    assert_string_equal(id, "0000000000zzzzzzzzzzzzzzzz");
    char before[CORE_ID_SIZE] = "";
    const struct core_env *real = core_env_real();
    for (now = 1; now < INT64_C(1) << 47; now = now * 3 + 1) {
        core_id_new(&env, id);
        assert_true(core_id_valid(core_str(id)));
        assert_true(strcmp(before, id) < 0);
        memcpy(before, id, sizeof id);
    }
    now = -1; /* a clock before 1970 still makes an id */
    core_id_new(&env, id);
    assert_string_equal(id, "7zzzzzzzzzzzzzzzzzzzzzzzzz");
    core_id_new(real, before);
    core_id_new(real, id);
    assert_string_not_equal(before, id);
}

static void ids_are_checked(void **state)
{
    (void)state;
    assert_true(core_id_valid(CORE_STR("01hxyz0123456789abcdefghjk")));
    assert_false(core_id_valid(CORE_STR("81hxyz0123456789abcdefghjk")));
    assert_false(core_id_valid(CORE_STR("01hxyz0123456789abcdefghj")));
    assert_false(core_id_valid(CORE_STR("01hxyz0123456789abcdefghjkm")));
    assert_false(core_id_valid(CORE_STR("01HXYZ0123456789ABCDEFGHJK")));
    assert_false(core_id_valid(CORE_STR("01hxyz0123456789abcdefghil")));
    assert_false(core_id_valid(CORE_STR("01hxyz0123456789abcdefgh\0k")));
    assert_false(core_id_valid(core_strn(NULL, 0)));
}

static void times_are_formatted(void **state)
{
    (void)state;
    static const struct {
        int64_t ms;
        const char *text;
    } v[] = {
        {0, "1970-01-01T00:00:00.000Z"},
        {-1, "1969-12-31T23:59:59.999Z"},
        {1769860800123, "2026-01-31T12:00:00.123Z"},
        {951782400000, "2000-02-29T00:00:00.000Z"},
        {4107542399999, "2100-02-28T23:59:59.999Z"},
        {4107542400000, "2100-03-01T00:00:00.000Z"},
        {253402300799999, "9999-12-31T23:59:59.999Z"},
        {253402300800000, "9999-12-31T23:59:59.999Z"},
        {INT64_MAX, "9999-12-31T23:59:59.999Z"},
        {-62167219200000, "0000-01-01T00:00:00.000Z"},
        {INT64_MIN, "0000-01-01T00:00:00.000Z"},
    };
    char out[CORE_TIME_SIZE];
    for (size_t i = 0; i < sizeof v / sizeof *v; i++) {
        core_time_format(v[i].ms, out);
        assert_string_equal(out, v[i].text);
    }
    /* Against libc, a prime number of seconds apart. */
    for (int64_t s = -60000000000; s < 250000000000; s += 9999991) {
        time_t t = (time_t)s;
        struct tm tm;
        char want[64];
        gmtime_r(&t, &tm);
        snprintf(want, sizeof want, "%04d-%02d-%02dT%02d:%02d:%02d.000Z", tm.tm_year + 1900,
                 tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
        core_time_format(s * 1000, out);
        assert_string_equal(out, want);
    }
}

static void clocks_run(void **state)
{
    (void)state;
    const struct core_env *env = core_env_real();
    assert_true(core_wall_ms(env) > 1700000000000);
    uint64_t before = core_mono_ns(env);
    for (int i = 0; i < 1000; i++) {
        uint64_t now = core_mono_ns(env);
        assert_true(now >= before);
        before = now;
    }
    unsigned char bytes[4096] = {0};
    unsigned seen[256] = {0};
    env->random(env->ctx, bytes, sizeof bytes);
    for (size_t i = 0; i < sizeof bytes; i++)
        seen[bytes[i]]++;
    for (int i = 0; i < 256; i++)
        assert_true(seen[i] < 100);
}

/* --- Files, in a folder of their own -------------------------------------------------------- */

static char folder[64];
static const struct core_fs *fs;

static const char *in_folder(const char *name)
{
    static char path[256];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static int make_temporary(void **state)
{
    (void)state;
    const char *base = getenv("TMPDIR");
    snprintf(folder, sizeof folder, "%.40s/sky-env-XXXXXX", base ? base : P_tmpdir);
    fs = core_env_real()->fs;
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_temporary(void **state)
{
    (void)state;
    return rmdir(folder);
}

static void files_are_written_and_read(void **state)
{
    (void)state;
    struct core_buf b;
    core_buf_init(&b, 1 << 20);
    assert_int_equal(fs->write(NULL, in_folder("f"), CORE_STR("one\0two"), 0600), 0);
    core_buf_add_c(&b, ">");
    assert_int_equal(fs->read(NULL, in_folder("f"), &b), 0);
    assert_int_equal(b.len, 8);
    assert_memory_equal(b.ptr, ">one\0two", 8);
    struct stat st;
    assert_int_equal(stat(in_folder("f"), &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    assert_int_equal(fs->write(NULL, in_folder("f"), CORE_STR(""), 0644), 0);
    core_buf_clear(&b);
    assert_int_equal(fs->read(NULL, in_folder("f"), &b), 0);
    assert_int_equal(b.len, 0);
    assert_int_equal(stat(in_folder("f"), &st), 0);
    assert_int_equal(st.st_mode & 07777, 0644);
    assert_int_equal(fs->remove(NULL, in_folder("f")), 0);
    assert_int_equal(fs->remove(NULL, in_folder("f")), CORE_ENOTFOUND);
    assert_int_equal(fs->write(NULL, in_folder("no/f"), CORE_STR("x"), 0600), CORE_ENOTFOUND);
    assert_int_equal(fs->write(NULL, "", CORE_STR("x"), 0600), CORE_EINVAL);
    assert_int_equal(fs->write(NULL, in_folder(""), CORE_STR("x"), 0600), CORE_EINVAL);
    /* A bare name is in the working folder. */
    assert_int_equal(chdir(folder), 0);
    assert_int_equal(fs->write(NULL, "bare", CORE_STR("x"), 0600), 0);
    assert_int_equal(fs->remove(NULL, "bare"), 0);
    assert_int_equal(chdir("/"), 0);
    /* A file without a size of its own. */
    core_buf_clear(&b);
    assert_int_equal(fs->read(NULL, "/proc/self/status", &b), 0);
    assert_true(b.len > 100);
    core_buf_done(&b);
}

static void failed_writes_leave_nothing(void **state)
{
    (void)state;
    assert_int_equal(fs->mkdirs(NULL, in_folder("dir"), 0700), 0);
    /* A folder cannot be replaced by a file: the rename fails after the bytes were written. */
    assert_true(fs->write(NULL, in_folder("dir"), CORE_STR("x"), 0600) < 0);
    assert_int_equal(rmdir(in_folder("dir")), 0);

    /* Writing fails half way: the file keeps its old content. In a child, for the limit stays. */
    assert_int_equal(fs->write(NULL, in_folder("kept"), CORE_STR("old"), 0600), 0);
    pid_t child = fork();
    if (child == 0) {
        static char bytes[8192];
        struct rlimit limit = {.rlim_cur = 4096, .rlim_max = 4096};
        signal(SIGXFSZ, SIG_IGN);
        setrlimit(RLIMIT_FSIZE, &limit);
        int err = fs->write(NULL, in_folder("kept"), core_strn(bytes, sizeof bytes), 0600);
        _exit(err == CORE_ETOOBIG ? 7 : 0);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 7);
    struct core_buf b;
    core_buf_init(&b, 100);
    assert_int_equal(fs->read(NULL, in_folder("kept"), &b), 0);
    assert_string_equal(b.ptr, "old");
    core_buf_done(&b);
    assert_int_equal(fs->remove(NULL, in_folder("kept")), 0);
    /* Temporary files left behind would fail the rmdir at the end of the group. */
}

static void large_files_meet_the_cap(void **state)
{
    (void)state;
    size_t size = 300000;
    char *bytes = malloc(size);
    for (size_t i = 0; i < size; i++)
        bytes[i] = (char)(i * 31);
    assert_int_equal(fs->write(NULL, in_folder("big"), core_strn(bytes, size), 0600), 0);
    struct core_buf b;
    core_buf_init(&b, size);
    assert_int_equal(fs->read(NULL, in_folder("big"), &b), 0);
    assert_memory_equal(b.ptr, bytes, size);
    assert_true(b.cap <= size + 1);
    core_buf_done(&b);
    core_buf_init(&b, size - 1);
    assert_int_equal(fs->read(NULL, in_folder("big"), &b), CORE_ETOOBIG);
    assert_int_equal(b.len, 0);
    assert_int_equal(core_buf_error(&b), 0);
    core_buf_done(&b);
    core_buf_init(&b, 50);
    core_buf_add_c(&b, "kept");
    assert_int_equal(fs->read(NULL, "/proc/self/status", &b), CORE_ETOOBIG);
    assert_string_equal(b.ptr, "kept");
    core_buf_done(&b);
    assert_int_equal(fs->remove(NULL, in_folder("big")), 0);
    free(bytes);
}

static void odd_files_are_refused_at_once(void **state)
{
    (void)state;
    struct core_buf b;
    core_buf_init(&b, 100);
    alarm(10); /* a blocking open would end the test here */
    assert_int_equal(mkfifo(in_folder("fifo"), 0600), 0);
    assert_int_equal(fs->read(NULL, in_folder("fifo"), &b), CORE_EUNSUPPORTED);
    assert_int_equal(fs->read(NULL, "/dev/zero", &b), CORE_EUNSUPPORTED);
    assert_int_equal(fs->read(NULL, folder, &b), CORE_EUNSUPPORTED);
    assert_int_equal(fs->read(NULL, in_folder("missing"), &b), CORE_ENOTFOUND);
    assert_int_equal(symlink("fifo", in_folder("link")), 0);
    assert_int_equal(fs->read(NULL, in_folder("link"), &b), CORE_EUNSUPPORTED);
    assert_int_equal(symlink("loop", in_folder("loop")), 0);
    assert_int_equal(fs->read(NULL, in_folder("loop"), &b), CORE_EINVAL);
    assert_int_equal(b.len, 0);
    assert_int_equal(core_buf_error(&b), 0);
    alarm(0);
    unlink(in_folder("fifo"));
    unlink(in_folder("link"));
    unlink(in_folder("loop"));
    core_buf_done(&b);
}

static void folders_are_made_with_parents(void **state)
{
    (void)state;
    assert_int_equal(fs->mkdirs(NULL, in_folder("a//b/c/"), 0700), 0);
    assert_int_equal(fs->mkdirs(NULL, in_folder("a/b/c"), 0700), 0);
    assert_int_equal(fs->mkdirs(NULL, "/", 0700), 0);
    assert_int_equal(fs->mkdirs(NULL, "", 0700), CORE_EINVAL);
    assert_int_equal(fs->write(NULL, in_folder("a/file"), CORE_STR(""), 0600), 0);
    assert_int_equal(fs->mkdirs(NULL, in_folder("a/file"), 0700), CORE_EEXISTS);
    assert_int_equal(fs->mkdirs(NULL, in_folder("a/file/x"), 0700), CORE_EEXISTS);
    unlink(in_folder("a/file"));
    assert_int_equal(rmdir(in_folder("a/b/c")), 0);
    assert_int_equal(rmdir(in_folder("a/b")), 0);
    assert_int_equal(rmdir(in_folder("a")), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids_are_128_bits),
        cmocka_unit_test(ids_sort_by_time),
        cmocka_unit_test(ids_are_checked),
        cmocka_unit_test(times_are_formatted),
        cmocka_unit_test(clocks_run),
        cmocka_unit_test(files_are_written_and_read),
        cmocka_unit_test(failed_writes_leave_nothing),
        cmocka_unit_test(large_files_meet_the_cap),
        cmocka_unit_test(odd_files_are_refused_at_once),
        cmocka_unit_test(folders_are_made_with_parents),
    };
    return cmocka_run_group_tests(tests, make_temporary, remove_temporary);
}
