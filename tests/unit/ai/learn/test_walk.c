/* test_walk.c: what a walk finds, what it tells that it could not read, and where links lead. */
#include "ai/learn/walk.h"

#include "core/err.h"
#include "core/limits.h"

#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <linux/capability.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

struct told {
    char path[PATH_MAX];
    int code;
    unsigned count;
};

static void on_error(void *arg, const char *path, int code)
{
    struct told *told = arg;
    snprintf(told->path, sizeof told->path, "%s", path);
    told->code = code;
    told->count++;
}

static bool keep_on(void *arg)
{
    (void)arg;
    return true;
}

static void walk(const char *root, struct told *told, struct ai_walk *ret)
{
    struct ai_private *private = NULL;
    *told = (struct told){.count = 0};
    assert_int_equal(ai_private_new("/nonexistent", &private), 0);
    assert_int_equal(ai_walk_files(root, private, on_error, keep_on, told, ret), 0);
    ai_private_free(private);
}

static void put(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

/* A folder of its own, which is the current one after. */
static int setup(void **state)
{
    char name[] = "sky-test-walk-XXXXXX";
    char *root = malloc(PATH_MAX);
    assert_non_null(mkdtemp(name));
    assert_non_null(realpath(name, root));
    assert_int_equal(chdir(root), 0);
    *state = root;
    return 0;
}

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
    (void)st;
    (void)flag;
    (void)ftw;
    return remove(path);
}

static int teardown(void **state)
{
    assert_int_equal(chdir("/"), 0);
    assert_int_equal(nftw(*state, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
    free(*state);
    return 0;
}

/* Root may read whatever it likes; the thread that runs the test gives that up for a while. */
static void heed_modes(bool heed)
{
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct data[2];
    const uint32_t read = 1u << CAP_DAC_OVERRIDE | 1u << CAP_DAC_READ_SEARCH;
    assert_int_equal(syscall(SYS_capget, &header, data), 0);
    data[0].effective = heed ? data[0].effective & ~read
                             : data[0].effective | (data[0].permitted & read);
    assert_int_equal(syscall(SYS_capset, &header, data), 0);
}

static void closed_folders_are_told(void **state)
{
    static const mode_t modes[] = {0444, 0000, 0111};
    struct ai_walk found;
    struct told told;
    assert_int_equal(mkdir("sub", 0700), 0);
    put("sub/a.txt", "Alpha.");
    put("sub/b.txt", "Beta.");
    put("c.txt", "Gamma.");
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        assert_int_equal(chmod("sub", modes[i]), 0);
        heed_modes(true);
        walk(*state, &told, &found);
        heed_modes(false);
        assert_int_equal(found.count, 1);
        assert_int_equal(told.count, 1); /* the folder, not each file in it */
        assert_int_equal(told.code, CORE_EDENIED);
        assert_string_equal(strrchr(told.path, '/'), "/sub");
        ai_walk_done(&found);
    }
    assert_int_equal(chmod("sub", 0700), 0);
    walk(*state, &told, &found);
    assert_int_equal(found.count, 3);
    assert_int_equal(told.count, 0);
    ai_walk_done(&found);
}

static void links_lead_where_a_walk_would_go(void **state)
{
    struct ai_walk found;
    struct told told;
    char outside[PATH_MAX];
    assert_int_equal(mkdir("docs", 0700) | mkdir("docs/sub", 0700) | mkdir("docs/.git", 0700), 0);
    put("secret", "Outside.");
    put("docs/a.txt", "Alpha.");
    put("docs/sub/b.txt", "Beta.");
    put("docs/.hidden", "Hidden.");
    put("docs/.git/config", "Hidden too.");
    assert_int_equal(symlink("sub/b.txt", "docs/inside"), 0);
    assert_int_equal(symlink("../secret", "docs/outside"), 0);
    assert_int_equal(symlink(".hidden", "docs/uncovered"), 0);
    assert_int_equal(symlink(".git/config", "docs/config"), 0);
    assert_int_equal(symlink("nothing", "docs/dangling"), 0);
    assert_int_equal(symlink("loop", "docs/loop"), 0);
    assert_int_equal(symlink("..", "docs/up"), 0);
    snprintf(outside, sizeof outside, "%s/docs", (char *)*state);
    walk(outside, &told, &found);
    assert_int_equal(told.count, 0);
    assert_int_equal(found.count, 3);
    assert_non_null(strstr(found.files[1].path, "/inside"));
    ai_walk_done(&found);

    static const struct {
        const char *path;
        bool reached;
    } ways[] = {{"docs/a.txt", true},
                {"docs/inside", true},
                {"docs/sub/../a.txt", true},
                {"docs/up/secret", false},
                {"docs/up/docs/a.txt", true},
                {"docs/outside", false},
                {"docs/uncovered", false},
                {"docs/.git/config", false},
                {"docs/dangling", false},
                {"secret", false},
                {"docs", false}};
    struct ai_private *private = NULL;
    assert_int_equal(ai_private_new("/nonexistent", &private), 0);
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        char *real = ai_walk_reach(outside, private, ways[i].path);
        assert_int_equal(real != NULL, ways[i].reached);
        free(real);
    }
    ai_private_free(private);
}

static void names_that_are_no_text_are_told(void **state)
{
    struct ai_walk found;
    struct told told;
    put("caf\xe9.txt", "Latin.");
    put("a.txt", "Alpha.");
    walk(*state, &told, &found);
    assert_int_equal(found.count, 1);
    assert_int_equal(told.count, 1);
    assert_int_equal(told.code, CORE_EUTF8);
    ai_walk_done(&found);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(closed_folders_are_told, setup, teardown),
        cmocka_unit_test_setup_teardown(links_lead_where_a_walk_would_go, setup, teardown),
        cmocka_unit_test_setup_teardown(names_that_are_no_text_are_told, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
