/* test_image.c: what is constant is found in the program's file, and nothing else is. */
#include "core/image.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#define LEN 100000

static const unsigned char constant[LEN] = {[0] = 1, [4096] = 2, [LEN - 1] = 3};
static unsigned char variable[LEN] = {[0] = 1};

static void constants_are_found(void **state)
{
    (void)state;
    static unsigned char read[LEN];
    static const size_t cuts[][2] = {{0, LEN}, {4096, 1}, {1, LEN - 1}, {LEN - 1, 1}, {0, 0}};
    for (size_t i = 0; i < sizeof cuts / sizeof *cuts; i++) {
        off_t at = -1;
        int file = core_image_find(core_strn(constant + cuts[i][0], cuts[i][1]), &at);
        assert_true(file >= 0);
        assert_int_equal(pread(file, read, cuts[i][1], at), cuts[i][1]);
        assert_memory_equal(read, constant + cuts[i][0], cuts[i][1]);
        assert_true(fcntl(file, F_GETFD) & FD_CLOEXEC);
    }
}

static void nothing_else_is(void **state)
{
    (void)state;
    off_t at = 7;
    char local[64] = "x";
    void *heap = calloc(1, LEN);
    assert_non_null(heap);
    assert_int_equal(core_image_find(core_strn(local, sizeof local), &at), -1);
    assert_int_equal(core_image_find(core_strn(heap, LEN), &at), -1);
    assert_int_equal(core_image_find(core_strn(variable, LEN), &at), -1);
    assert_int_equal(core_image_find(core_strn(NULL, 1), &at), -1);
    /* Not across the end of a segment; libraries are other files. */
    assert_int_equal(core_image_find(core_strn(constant, SIZE_MAX / 2), &at), -1);
    assert_int_equal(core_image_find(core_strn((const void *)(uintptr_t)calloc, 1), &at), -1);
    assert_int_equal(at, 7);
    free(heap);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(constants_are_found),
        cmocka_unit_test(nothing_else_is),
    };
    return cmocka_run_group_tests_name("core_image", tests, NULL, NULL);
}
