/*
 * fuzz_answer.c: answers of servers whole and in pieces are the same
 * answers, and what is kept of them keeps to its caps. The first byte
 * chooses the size of the pieces, and whether the request was a HEAD.
 */
#include "core/fetch_answer.h"

#include "core/buf.h"
#include "core/limits.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void trace_of(struct core_str input, size_t step, bool bodyless, struct core_buf *trace)
{
    struct core__answer a;
    struct core_buf copy;
    int err = 0;
    core__answer_init(&a, bodyless);
    core_buf_init(&copy, 64u << 20);
    size_t at = 0;
    while (at < input.len && !err && !a.whole) {
        size_t body, len = input.len - at < step ? input.len - at : step;
        core_buf_clear(&copy);
        core_buf_add(&copy, input.ptr + at, len);
        err = core__answer_feed(&a, copy.ptr, len, &body);
        assert(body <= len && (body == 0 || (a.status >= 200 && !bodyless)));
        core_buf_add(trace, copy.ptr, body);
        at += len;
    }
    int end = core__answer_end(&a);
    assert(a.head_len <= CORE_LIMIT_FETCH_HEAD && (a.whole || end != 0 || err));
    assert(!a.whole || (a.status >= 200 && a.status <= 999));
    assert(memchr(a.content_type, '\0', sizeof a.content_type));
    assert(memchr(a.retry_after, '\0', sizeof a.retry_after));
    core_buf_addf(trace, "[%d %d %d %d '%s' '%s'", err, err ? 0 : end, a.status, a.whole,
                  a.content_type, a.retry_after);
    core_buf_done(&copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    struct core_buf whole, pieces;
    core_buf_init(&whole, 64u << 20);
    core_buf_init(&pieces, 64u << 20);
    struct core_str input = core_strn(data + 1, size - 1);
    trace_of(input, SIZE_MAX, data[0] & 64, &whole);
    trace_of(input, 1 + data[0] % 32, data[0] & 64, &pieces);
    assert(core_str_eq(core_buf_str(&whole), core_buf_str(&pieces)));
    core_buf_done(&whole);
    core_buf_done(&pieces);
    return 0;
}
