/* test_log_ring.c: the last log lines, against a list that forgets nothing. */
#include "core/log_ring.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

struct seen {
    uint64_t first, last;
    size_t count, bytes;
    unsigned seed; /* of the lines that were put */
};

static size_t line_len(uint64_t number, unsigned seed)
{
    return (number * 2654435761u + seed) % (seed % 3 == 0 ? 60 : CORE_LIMIT_LOG_LINE - 8);
}

static void on_line(void *arg, const struct core_log_line *line)
{
    struct seen *s = arg;
    if (s->count == 0)
        s->first = line->number;
    else
        assert_true(line->number == s->last + 1);
    s->last = line->number;
    s->count++;
    s->bytes += line->event.len + line->fields.len;
    assert_int_equal(line->wall_ms, (int64_t)line->number);
    assert_true(core_str_eq_c(line->event, "a.b"));
    assert_int_equal(line->fields.len, line_len(line->number, s->seed));
    for (size_t i = 0; i < line->fields.len; i++)
        assert_int_equal(line->fields.ptr[i], (char)('a' + line->number % 26));
}

static void lines_stay_whole(void **state)
{
    static struct core_log_ring ring;
    char text[CORE_LIMIT_LOG_LINE];
    (void)state;
    for (unsigned seed = 0; seed < 9; seed++) {
        memset(&ring, 0, sizeof ring);
        for (uint64_t n = 1; n <= 5000; n++) {
            size_t len = line_len(n, seed);
            memset(text, (int)('a' + n % 26), len);
            core__log_ring_put(&ring, CORE_LOG_INFO, (int64_t)n, CORE_STR("a.b"),
                               core_strn(text, len));
            if (n % 7 != 0)
                continue;
            struct seen seen = {.seed = seed};
            const struct core_log_query all = {.level = CORE_LOG_DEBUG, .max = SIZE_MAX};
            core__log_ring_read(&ring, &all, on_line, &seen);
            assert_int_equal(seen.last, n);
            assert_true(seen.count <= CORE_LIMIT_LOG_KEPT);
            /* No more is lost than must be: the lines, or nearly all of the bytes, are there. */
            assert_true(seen.count == n || seen.count == CORE_LIMIT_LOG_KEPT ||
                        seen.bytes + 3 * sizeof text > sizeof ring.bytes);
        }
    }
}

static void collect(void *arg, const struct core_log_line *line)
{
    char *out = arg;
    size_t len = strlen(out);
    snprintf(out + len, 200 - len, "%llu:%.*s ", (unsigned long long)line->number,
             CORE_STR_ARG(line->fields));
}

static void asked_for(void **state)
{
    static struct core_log_ring ring;
    char out[200] = "";
    (void)state;
    const enum core_log_level levels[] = {CORE_LOG_INFO, CORE_LOG_ERROR, CORE_LOG_DEBUG,
                                          CORE_LOG_WARN};
    for (unsigned i = 0; i < 4; i++) {
        char text[] = "x=?";
        text[2] = (char)('0' + i);
        core__log_ring_put(&ring, levels[i], 0, i == 3 ? CORE_STR("odd") : CORE_STR("even"),
                           core_str(text));
    }
    struct core_log_query q = {.level = CORE_LOG_WARN, .max = 10};
    core__log_ring_read(&ring, &q, collect, out);
    assert_string_equal(out, "2:x=1 4:x=3 ");
    *out = '\0';
    q.max = 1;
    core__log_ring_read(&ring, &q, collect, out);
    assert_string_equal(out, "4:x=3 ");
    *out = '\0';
    q = (struct core_log_query){.after = 1, .level = CORE_LOG_DEBUG, .max = 10};
    core__log_ring_read(&ring, &q, collect, out);
    assert_string_equal(out, "2:x=1 3:x=2 4:x=3 ");
    *out = '\0';
    q.like = CORE_STR("od");
    core__log_ring_read(&ring, &q, collect, out);
    q.like = CORE_STR("=2");
    core__log_ring_read(&ring, &q, collect, out);
    assert_string_equal(out, "4:x=3 3:x=2 ");
    *out = '\0';
    q = (struct core_log_query){.after = 1u << 30, .level = CORE_LOG_DEBUG, .max = 10};
    core__log_ring_read(&ring, &q, collect, out);
    q.after = 0;
    q.max = 0;
    core__log_ring_read(&ring, &q, collect, out);
    assert_string_equal(out, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(lines_stay_whole),
                                       cmocka_unit_test(asked_for)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
