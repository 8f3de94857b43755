/* test_mem.c: allocation, growing arrays, the pool. */
#include "core/mem.h"

#include "core/err.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

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

static void allocations_are_zeroed(void **state)
{
    (void)state;
    unsigned char *p = core_alloc(1000);
    for (int i = 0; i < 1000; i++)
        assert_int_equal(p[i], 0);
    free(p);
    free(core_alloc(0));
    free(core_alloc_array(0, 8));
    free(core_try_alloc(0));
    char *s = core_strdup(core_strn("a\0bc", 3));
    assert_memory_equal(s, "a\0b", 4);
    free(s);
    s = core_strdup(core_strn(NULL, 0));
    assert_string_equal(s, "");
    free(s);
}

static void overflow_and_excess_do_not_wrap(void **state)
{
    (void)state;
    /* Volatile: the compiler would refuse sizes it can see are absurd. */
    volatile size_t half = SIZE_MAX / 2;
    assert_null(core_try_alloc(half));
    pid_t child = fork();
    if (child == 0) {
        close(STDERR_FILENO);
        core_alloc_array(half, 4);
        _exit(0);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_false(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void arrays_grow_to_their_cap(void **state)
{
    (void)state;
    int *array = NULL;
    size_t cap = 0;
    for (size_t i = 0; i < 100; i++) {
        assert_int_equal(core_grow((void **)&array, &cap, i, sizeof *array, 100), 0);
        assert_true(cap > i && cap <= 100);
        array[i] = (int)i;
    }
    int *before = array;
    assert_int_equal(core_grow((void **)&array, &cap, 100, sizeof *array, 100), CORE_ETOOBIG);
    assert_ptr_equal(array, before);
    assert_int_equal(cap, 100);
    for (int i = 0; i < 100; i++)
        assert_int_equal(array[i], i);
    free(array);

    array = NULL;
    cap = 0;
    assert_int_equal(core_grow((void **)&array, &cap, 50, sizeof *array, 1000), 0);
    assert_true(cap > 50);
    free(array);
    array = NULL;
    cap = 0;
    assert_int_equal(core_grow((void **)&array, &cap, 2, sizeof *array, 3), 0);
    assert_int_equal(cap, 3);
    assert_int_equal(core_grow((void **)&array, &cap, SIZE_MAX / 2, 64, SIZE_MAX), CORE_ENOMEM);
    assert_int_equal(cap, 3);
    free(array);
}

static void wiping(void **state)
{
    (void)state;
    char secret[] = "secret";
    core_wipe(secret, sizeof secret);
    assert_memory_equal(secret, "\0\0\0\0\0\0\0", 7);
    core_wipe(NULL, 0);
}

static void the_pool_keeps_its_cap(void **state)
{
    (void)state;
    struct core_pool *pool = core_pool_new(100000);
    size_t total = 0;
    for (size_t n = 0;; n++) {
        size_t size = n * 37 % 900;
        char *p = core_pool_alloc(pool, size);
        if (!p)
            break;
        assert_int_equal((uintptr_t)p % 16, 0);
        for (size_t i = 0; i < size; i++)
            assert_int_equal(p[i], 0);
        memset(p, 0x5a, size);
        total += size;
    }
    assert_true(total <= 100000);
    assert_true(total > 80000);
    core_pool_free(pool);

    pool = core_pool_new(1000);
    assert_null(core_pool_alloc(pool, 1001));
    assert_null(core_pool_alloc(pool, SIZE_MAX));
    assert_null(core_pool_alloc(pool, SIZE_MAX - 8));
    assert_non_null(core_pool_alloc(pool, 0));
    struct core_str s = core_pool_str(pool, CORE_STR("h\0i"));
    assert_memory_equal(s.ptr, "h\0i", 4);
    assert_int_equal(s.len, 3);
    assert_non_null(core_pool_str(pool, core_strn(NULL, 0)).ptr);
    assert_null(core_pool_str(pool, core_strn("x", SIZE_MAX)).ptr);
    core_pool_free(pool);
    core_pool_free(NULL);
}

/* Takes all there is, of one block or of many; returns how much. */
static size_t exhaust(struct core_pool *pool, size_t size)
{
    static const char zeros[256];
    size_t total = 0;
    for (char *p; (p = core_pool_alloc(pool, size)); total += size) {
        assert_memory_equal(p, zeros, size);
        memset(p, 0x5a, size);
    }
    return total;
}

static void a_cleared_pool_is_as_new(void **state)
{
    (void)state;
    for (size_t max = 500; max <= 100000; max *= 200) {
        struct core_pool *pool = core_pool_new(max);
        size_t first = exhaust(pool, 64);
        assert_true(first > max / 2);
        for (int i = 0; i < 3; i++) {
            core_pool_clear(pool);
            assert_int_equal(exhaust(pool, 64), first);
        }
        core_pool_clear(pool);
        core_pool_clear(pool);
        assert_non_null(core_pool_alloc(pool, max / 2));
        core_pool_free(pool);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(allocations_are_zeroed),
        cmocka_unit_test(overflow_and_excess_do_not_wrap),
        cmocka_unit_test(arrays_grow_to_their_cap),
        cmocka_unit_test(wiping),
        cmocka_unit_test(the_pool_keeps_its_cap),
        cmocka_unit_test(a_cleared_pool_is_as_new),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
