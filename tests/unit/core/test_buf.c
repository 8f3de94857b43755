/* test_buf.c: the buffer against a plain array, its cap, its sticky error. */
#include "core/buf.h"

#include "core/err.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

/* The sanitizers' allocators abort on absurd sizes unless told to behave like libc's. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "allocator_may_return_null=1";
}
const char *__tsan_default_options(void);
const char *__tsan_default_options(void)
{
    return "allocator_may_return_null=1";
}

static void adding(void **state)
{
    (void)state;
    struct core_buf b;
    core_buf_init(&b, 1000);
    assert_true(core_str_eq_c(core_buf_str(&b), ""));
    assert_true(core_str_eq_c(core_buf_since(&b, 0), ""));
    assert_int_equal(core_buf_add(&b, NULL, 0), 0);
    assert_int_equal(core_buf_add(&b, "a\0b", 3), 0);
    assert_int_equal(core_buf_add_str(&b, CORE_STR("-")), 0);
    assert_int_equal(core_buf_add_c(&b, "cd"), 0);
    assert_int_equal(core_buf_add_byte(&b, '!'), 0);
    assert_int_equal(core_buf_addf(&b, "%d%s", 42, ""), 0);
    assert_int_equal(b.len, 9);
    assert_memory_equal(b.ptr, "a\0b-cd!42", 10);
    core_buf_consume(&b, 4);
    assert_string_equal(b.ptr, "cd!42");
    core_buf_truncate(&b, 2);
    assert_string_equal(b.ptr, "cd");
    core_buf_consume(&b, 2);
    assert_string_equal(b.ptr, "");
    core_buf_done(&b);
    assert_null(b.ptr);
    assert_int_equal(core_buf_add_c(&b, "again"), 0);
    core_buf_wipe(&b);
    core_buf_done(&b);
}

static void the_cap_is_exact_and_sticks(void **state)
{
    (void)state;
    for (size_t max = 1; max < 600; max += 7) {
        struct core_buf b;
        core_buf_init(&b, max);
        for (size_t i = 0; i < max; i++)
            assert_int_equal(core_buf_add_byte(&b, 'x'), 0);
        assert_true(b.cap <= max + 1);
        assert_int_equal(core_buf_add(&b, "", 0), 0);
        assert_int_equal(core_buf_addf(&b, "%s", ""), 0);
        assert_int_equal(core_buf_addf(&b, "%d", 12), CORE_ETOOBIG);
        assert_int_equal(b.len, max);
        assert_int_equal(strlen(b.ptr), max);
        core_buf_truncate(&b, 0);
        assert_int_equal(core_buf_add_byte(&b, 'y'), CORE_ETOOBIG);
        assert_int_equal(core_buf_add(&b, "y", 1), CORE_ETOOBIG);
        assert_int_equal(core_buf_addf(&b, "y"), CORE_ETOOBIG);
        assert_null(core_buf_reserve(&b, 1));
        assert_null(core_buf_take(&b, NULL));
        assert_int_equal(core_buf_error(&b), CORE_ETOOBIG);
        core_buf_clear(&b);
        assert_int_equal(core_buf_add_byte(&b, 'y'), 0);
        core_buf_done(&b);
    }
}

static void a_failed_format_leaves_the_content(void **state)
{
    (void)state;
    struct core_buf b;
    core_buf_init(&b, 10);
    core_buf_add_c(&b, "12345");
    assert_int_equal(core_buf_addf(&b, "%s", "abcdefghij"), CORE_ETOOBIG);
    assert_string_equal(b.ptr, "12345");
    core_buf_done(&b);

    struct core_buf zero = {0};
    assert_int_equal(core_buf_add_byte(&zero, 'x'), CORE_ETOOBIG);
    core_buf_done(&zero);
    assert_int_equal(core_buf_addf(&zero, "%s", ""), 0);
    core_buf_done(&zero);

    /* A size that no machine has is refused, the content stays. */
    core_buf_init(&b, SIZE_MAX / 8);
    assert_int_equal(core_buf_add_byte(&b, 'w'), 0);
    assert_null(core_buf_reserve(&b, SIZE_MAX / 16));
    assert_int_equal(core_buf_error(&b), CORE_ENOMEM);
    assert_string_equal(b.ptr, "w");
    core_buf_done(&b);

    core_buf_init(&b, SIZE_MAX / 8);
    assert_int_equal(core_buf_add_byte(&b, 'x'), 0);
    assert_null(core_buf_reserve(&b, SIZE_MAX - 1));
    assert_string_equal(b.ptr, "x");
    core_buf_done(&b);
}

static void reserving_and_taking(void **state)
{
    (void)state;
    struct core_buf b;
    core_buf_init(&b, 5000);
    char *to = core_buf_reserve(&b, 5000);
    assert_non_null(to);
    memset(to, 'z', 5000);
    core_buf_grew(&b, 4000);
    assert_int_equal(strlen(b.ptr), 4000);
    size_t len = 0;
    char *bytes = core_buf_take(&b, &len);
    assert_int_equal(len, 4000);
    assert_int_equal(strlen(bytes), 4000);
    free(bytes);
    bytes = core_buf_take(&b, NULL);
    assert_string_equal(bytes, "");
    free(bytes);
    core_buf_done(&b);
}

/* Random operations on the buffer and on an array that is large enough. */
static void behaves_like_an_array(void **state)
{
    (void)state;
    enum { MAX = 3000 };
    struct core_buf b;
    core_buf_init(&b, MAX);
    char model[MAX + 1];
    char bytes[300];
    size_t len = 0;
    srand(7);
    for (int step = 0; step < 200000; step++) {
        size_t n = (size_t)rand() % sizeof bytes;
        memset(bytes, 'a' + rand() % 26, n);
        switch (rand() % 7) {
        case 0:
        case 1:
        case 2:
            if (core_buf_add(&b, bytes, n) == 0) {
                memcpy(model + len, bytes, n);
                len += n;
            } else {
                assert_true(len + n > MAX);
                b.error = 0;
            }
            break;
        case 3:
            n = n < len ? n : len;
            core_buf_consume(&b, n);
            memmove(model, model + n, len - n);
            len -= n;
            break;
        case 4:
            len = n < len ? n : len;
            core_buf_truncate(&b, len);
            break;
        case 5: {
            char *to = core_buf_reserve(&b, n);
            b.error = 0;
            if (!to)
                break;
            memset(to, '?', n);
            n /= 2;
            memcpy(to, bytes, n);
            core_buf_grew(&b, n);
            memcpy(model + len, bytes, n);
            len += n;
            to[n] = '\0'; /* nothing used: nothing put back */
            break;
        }
        default:
            if (core_buf_addf(&b, "%.*s|%zu", (int)n, bytes, n) == 0)
                len += (size_t)snprintf(model + len, MAX + 1 - len, "%.*s|%zu", (int)n, bytes, n);
            b.error = 0;
        }
        assert_int_equal(b.len, len);
        if (b.ptr) {
            assert_int_equal(b.ptr[len], 0);
            if (memcmp(b.ptr, model, len) != 0)
                fail_msg("step %d", step);
        }
    }
    core_buf_done(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(adding),
        cmocka_unit_test(the_cap_is_exact_and_sticks),
        cmocka_unit_test(a_failed_format_leaves_the_content),
        cmocka_unit_test(reserving_and_taking),
        cmocka_unit_test(behaves_like_an_array),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
