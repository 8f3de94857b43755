/* test_gzip.c: what was made smaller comes back, and the buffer's cap holds. */
#include "core/gzip.h"

#include "core/err.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <zlib.h>

#include <cmocka.h>

/* By zlib itself, which checks length and checksum of the tail. */
static void comes_back(struct core_str bytes, struct core_str packed)
{
    unsigned char *back = malloc(bytes.len + 1);
    z_stream z = {.next_in = (unsigned char *)(uintptr_t)packed.ptr,
                  .avail_in = (unsigned)packed.len,
                  .next_out = back,
                  .avail_out = (unsigned)bytes.len + 1};
    assert_int_equal(inflateInit2(&z, 15 + 16), Z_OK);
    assert_int_equal(inflate(&z, Z_FINISH), Z_STREAM_END);
    assert_int_equal(z.avail_in, 0);
    assert_int_equal(z.total_out, bytes.len);
    if (bytes.len > 0)
        assert_memory_equal(back, bytes.ptr, bytes.len);
    inflateEnd(&z);
    free(back);
}

static void texts_come_back(void **state)
{
    (void)state;
    static const size_t lengths[] = {0, 1, 100, 100000, 1000000};
    srand(5);
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        for (int random = 0; random < 2; random++) {
            struct core_buf text, packed;
            core_buf_init(&text, 1 << 20);
            core_buf_init(&packed, 2 << 20);
            for (size_t n = 0; n < lengths[i]; n++)
                core_buf_add_byte(&text, (char)(random ? rand() : "lorem "[n % 6]));
            core_buf_add_c(&packed, "before");
            assert_int_equal(core_gzip(core_buf_str(&text), &packed), 0);
            assert_memory_equal(packed.ptr, "before", 6);
            struct core_str made = core_strn(packed.ptr + 6, packed.len - 6);
            comes_back(core_buf_str(&text), made);
            if (!random && lengths[i] >= 100000)
                assert_true(made.len < lengths[i] / 50);
            core_buf_done(&text);
            core_buf_done(&packed);
        }
    }
}

static void the_cap_holds(void **state)
{
    (void)state;
    struct core_buf packed;
    core_buf_init(&packed, 10);
    assert_int_equal(core_gzip(CORE_STR("a text that has no room"), &packed), CORE_ETOOBIG);
    assert_int_equal(packed.len, 0);
    core_buf_done(&packed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_come_back),
        cmocka_unit_test(the_cap_holds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
