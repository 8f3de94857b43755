/* test_err.c: the table of error codes is complete and consistent. */
#include "core/err.h"

#include <ctype.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void every_code_has_name_sentence_and_status(void **state)
{
    (void)state;
#define X(code, value, http, sentence)                                                             \
    assert_int_equal(code, value);                                                                 \
    assert_true(code < 0);                                                                         \
    assert_string_equal(core_err_name(code), #code);                                               \
    assert_string_equal(core_err_text(code), sentence);                                            \
    assert_int_equal(core_err_http(code), http);                                                   \
    assert_true(http >= 400 && http < 600);                                                        \
    assert_true(islower((unsigned char)sentence[0]));                                              \
    assert_true(sentence[strlen(sentence) - 1] != '.');
    CORE_ERR_TABLE(X)
#undef X
}

static void codes_outside_the_table_have_answers(void **state)
{
    (void)state;
    assert_string_equal(core_err_name(0), "CORE_OK");
    assert_int_equal(core_err_http(0), 200);
    assert_string_equal(core_err_name(-9999), "CORE_EUNKNOWN");
    assert_string_equal(core_err_name(7), "CORE_EUNKNOWN");
    assert_int_equal(core_err_http(-9999), 500);
    assert_non_null(core_err_text(-9999));
}

static void errno_values_map(void **state)
{
    (void)state;
    assert_int_equal(core_err_from_errno(0), 0);
    assert_int_equal(core_err_from_errno(ENOENT), CORE_ENOTFOUND);
    assert_int_equal(core_err_from_errno(ENOSPC), CORE_ENOSPACE);
    assert_int_equal(core_err_from_errno(EROFS), CORE_EREADONLY);
    assert_int_equal(core_err_from_errno(EACCES), CORE_EDENIED);
    assert_int_equal(core_err_from_errno(ECONNRESET), CORE_ENET);
    assert_int_equal(core_err_from_errno(EIO), CORE_EIO);
    assert_int_equal(core_err_from_errno(123456), CORE_EIO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_code_has_name_sentence_and_status),
        cmocka_unit_test(codes_outside_the_table_have_answers),
        cmocka_unit_test(errno_values_map),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
