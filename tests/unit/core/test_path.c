/* test_path.c: names as people give them, against a real folder with a link. */
#include "core/path.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static void becomes(const char *path, const char *expected)
{
    struct core_buf out;
    core_buf_init(&out, 4096);
    assert_int_equal(core_path_absolute(path, &out), 0);
    assert_string_equal(out.ptr, expected);
    core_buf_done(&out);
}

static void names_are_tidied(void **state)
{
    (void)state;
    becomes("/", "/");
    becomes("//", "/");
    becomes("/.", "/");
    becomes("/a/b/", "/a/b");
    becomes("//a/./b//c/.", "/a/b/c");
    becomes("/a/...", "/a/...");
    becomes("/no/such/file", "/no/such/file");
}

static void links_keep_their_name(void **state)
{
    (void)state;
    char dir[] = "sky-path-XXXXXX", here[4096], there[4096], link[4200], inside[4200];
    assert_non_null(getcwd(here, sizeof here));
    assert_non_null(mkdtemp(dir));
    assert_int_equal(chdir(dir), 0);
    assert_non_null(getcwd(there, sizeof there));
    assert_int_equal(mkdir("real", 0700), 0);
    assert_int_equal(symlink("real", "link"), 0);
    snprintf(link, sizeof link, "%s/link", there);
    becomes("link", link);
    becomes("./link/", link);
    snprintf(inside, sizeof inside, "%s/link/x", there);
    becomes("link/x", inside);
    becomes(".", there);
    becomes("link/..", there);
    struct core_buf out;
    core_buf_init(&out, 4096);
    assert_int_equal(core_path_absolute("no-such/../x", &out), CORE_ENOTFOUND);
    assert_int_equal(core_path_absolute("", &out), CORE_EINVAL);
    assert_int_equal(out.len, 0);
    core_buf_done(&out);
    assert_int_equal(unlink("link") | rmdir("real") | chdir(here) | rmdir(dir), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_tidied),
        cmocka_unit_test(links_keep_their_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
