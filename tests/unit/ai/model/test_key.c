/* test_key.c: references to keys, and who may read what they name. */
#include "ai/model/key.h"

#include "core/limits.h"

#include <sys/stat.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static int read_key(const char *reference, char out[static 64])
{
    struct core_buf key;
    core_buf_init(&key, AI_LIMIT_KEY + 1);
    int err = ai_key_read(reference, &key);
    snprintf(out, 64, "%s", key.ptr ? key.ptr : "");
    core_buf_wipe(&key);
    return err;
}

static void references_are_told_from_keys(void **state)
{
    static const char *const bad[] = {"sk-123",   "env:",  "env:A-B", "env:1A", "file:",
                                      "file:rel", "ENV:A", " env:A",  "env:A ", "https://x"};
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(ai_key_valid(core_str(bad[i])));
    assert_true(ai_key_valid(CORE_STR("")));
    assert_true(ai_key_valid(CORE_STR("env:_KEY_1")));
    assert_true(ai_key_valid(CORE_STR("file:/run/key with blanks")));
    assert_false(ai_key_valid(CORE_STR("file:/a\0b")));
}

static void variables_hold_keys(void **state)
{
    char key[64];
    (void)state;
    setenv("SKY_TEST_KEY", " sk-abc\n", 1);
    assert_int_equal(read_key("env:SKY_TEST_KEY", key), 0);
    assert_string_equal(key, "sk-abc");
    setenv("SKY_TEST_KEY", "sk-abc\r\nX-Evil: 1", 1);
    assert_int_equal(read_key("env:SKY_TEST_KEY", key), CORE_EINVAL);
    setenv("SKY_TEST_KEY", " ", 1);
    assert_int_equal(read_key("env:SKY_TEST_KEY", key), CORE_ENOTFOUND);
    unsetenv("SKY_TEST_KEY");
    assert_int_equal(read_key("env:SKY_TEST_KEY", key), CORE_ENOTFOUND);
    assert_int_equal(read_key("", key), 0);
    assert_string_equal(key, "");
}

static void files_hold_keys_for_their_owner_alone(void **state)
{
    char path[4096], reference[4160], key[64], why[512];
    static char much[AI_LIMIT_KEY + 2];
    (void)state;
    assert_non_null(getcwd(path, 4000));
    snprintf(path + strlen(path), 32, "/sky-key-XXXXXX");
    int fd = mkstemp(path);
    snprintf(reference, sizeof reference, "file:%s", path);
    assert_int_equal(read_key(reference, key), CORE_ENOTFOUND);
    assert_int_equal(write(fd, "sk-file\n", 8), 8);
    assert_int_equal(read_key(reference, key), 0);
    assert_string_equal(key, "sk-file");
    ai_key_check(reference, why, sizeof why);
    assert_string_equal(why, "");
    for (unsigned mode = 0; mode < 3; mode++) {
        static const mode_t modes[] = {0640, 0604, 0610};
        chmod(path, modes[mode]);
        assert_int_equal(read_key(reference, key), CORE_EDENIED);
        assert_string_equal(key, "");
    }
    ai_key_check(reference, why, sizeof why);
    assert_non_null(strstr(why, "0600"));
    assert_null(strstr(why, "sk-file"));
    chmod(path, 0600);
    memset(much, 'k', sizeof much);
    assert_int_equal(pwrite(fd, much, sizeof much, 0), sizeof much);
    assert_int_equal(read_key(reference, key), CORE_ETOOBIG);
    close(fd);
    unlink(path);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_equal(read_key(reference, key), CORE_EUNSUPPORTED);
    unlink(path);
    assert_int_equal(read_key(reference, key), CORE_ENOTFOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(references_are_told_from_keys),
        cmocka_unit_test(variables_hold_keys),
        cmocka_unit_test(files_hold_keys_for_their_owner_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
