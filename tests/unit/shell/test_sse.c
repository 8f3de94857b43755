/* test_sse.c: server-sent events: any cutting of the bytes gives the same events. */
#include "shell/sse.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct core_buf seen;

static int note(void *arg, const char *name, struct core_str data)
{
    (void)arg;
    core_buf_addf(&seen, "<%s|%.*s>", name, CORE_STR_ARG(data));
    return core_str_eq_c(data, "stop") ? 7 : 0;
}

/* Feeds in pieces of `step` bytes; the first non-zero result, or 0. */
static int feed(const char *text, size_t step)
{
    struct shell_sse sse;
    struct core_str left = core_str(text);
    int result = 0;
    core_buf_clear(&seen);
    shell_sse_init(&sse, note, NULL);
    while (left.len && !result) {
        size_t n = left.len < step ? left.len : step;
        result = shell_sse_feed(&sse, core_strn(left.ptr, n));
        left = core_strn(left.ptr + n, left.len - n);
    }
    shell_sse_done(&sse);
    return result;
}

static void events_do_not_depend_on_cuts(void **state)
{
    (void)state;
    static const struct {
        const char *bytes, *events;
    } cases[] = {
        {"data: a\n\n", "<|a>"},
        {"event: token\ndata: {\"x\":1}\n\n", "<token|{\"x\":1}>"},
        {"event:token\r\ndata:a\r\n\r\n", "<token|a>"},
        {"data: a\ndata: b\n\n", "<|a\nb>"},
        {": ping\n\ndata: a\n\n", "<|a>"},
        {"event: x\n\ndata: a\n\n", "<|a>"},
        {"id: 1\nretry: 5\ndata: a: b\n\n", "<|a: b>"},
        {"data: cut", ""},
        {"data\n\n", "<|>"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        for (size_t step = 1; step <= 16; step++) {
            assert_int_equal(feed(cases[i].bytes, step), 0);
            assert_string_equal(seen.ptr ? seen.ptr : "", cases[i].events);
        }
    }
}

static void the_callback_can_stop(void **state)
{
    (void)state;
    assert_int_equal(feed("data: stop\n\ndata: never\n\n", 100), 7);
    assert_string_equal(seen.ptr, "<|stop>");
}

static void endless_lines_are_refused(void **state)
{
    (void)state;
    struct shell_sse sse;
    char piece[4096];
    int result = 0;
    memset(piece, 'x', sizeof piece);
    shell_sse_init(&sse, note, NULL);
    for (int i = 0; i < 1024 && !result; i++)
        result = shell_sse_feed(&sse, core_strn(piece, sizeof piece));
    assert_int_equal(result, CORE_ETOOBIG);
    shell_sse_done(&sse);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(events_do_not_depend_on_cuts),
        cmocka_unit_test(the_callback_can_stop),
        cmocka_unit_test(endless_lines_are_refused),
    };
    core_buf_init(&seen, 1u << 16);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    core_buf_done(&seen);
    return failed;
}
