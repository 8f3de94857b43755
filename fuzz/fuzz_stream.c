/*
 * fuzz_stream.c: what a model writes, whole and in pieces, is shown as the same text: valid UTF-8,
 * up to the stop string that was complete first. Input: size of the pieces; stop strings, a line
 * each; an empty line; the bytes.
 */
#include "ai/model/stream.h"
#include "core/limits.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define STOPS_MAX 4

static int run(const struct core_str *stops, size_t count, struct core_str bytes, size_t step,
               struct core_buf *out)
{
    struct ai_stream stream;
    int status = 0;
    ai_stream_init(&stream);
    for (size_t i = 0; i < count; i++)
        assert(ai_stream_add_stop(&stream, stops[i]) == 0);
    for (size_t at = 0; at < bytes.len && !status; at += step) {
        size_t len = bytes.len - at < step ? bytes.len - at : step;
        status = ai_stream_feed(&stream, core_strn(bytes.ptr + at, len), out);
        assert(status == 0 || status == 1);
        assert(core_utf8_valid(core_buf_str(out)));
    }
    if (!status)
        assert(ai_stream_end(&stream, out) == 0);
    ai_stream_done(&stream);
    return status;
}

/* The model: the end that comes first, and of those the longest stop string. */
static size_t shown(const struct core_str *stops, size_t count, struct core_str bytes)
{
    for (size_t end = 1; end <= bytes.len; end++) {
        size_t longest = 0;
        for (size_t i = 0; i < count; i++)
            if (stops[i].len <= end && stops[i].len > longest &&
                !memcmp(bytes.ptr + end - stops[i].len, stops[i].ptr, stops[i].len))
                longest = stops[i].len;
        if (longest > 0)
            return end - longest;
    }
    return bytes.len;
}

static void mend(struct core_str bytes, struct core_buf *out)
{
    for (size_t at = 0; at < bytes.len;) {
        uint32_t code;
        char utf8[4];
        at += core_utf8_next(bytes, at, &code);
        core_buf_add(out, utf8, core_utf8_put(code, utf8));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct core_str stops[STOPS_MAX], line, rest;
    size_t count = 0;
    if (size == 0 || size > AI_LIMIT_STREAM_HELD)
        return 0;
    rest = core_strn(data + 1, size - 1);
    while (core_str_split(&rest, '\n', &line) && line.len > 0) {
        if (count == STOPS_MAX || line.len > AI_LIMIT_STOP || !core_utf8_valid(line))
            return 0;
        stops[count++] = line;
    }
    struct core_buf whole, pieces, model;
    core_buf_init(&whole, 4 * size);
    core_buf_init(&pieces, 4 * size);
    core_buf_init(&model, 4 * size);
    int status = run(stops, count, rest, SIZE_MAX, &whole);
    assert(run(stops, count, rest, 1 + data[0] % 16, &pieces) == status);
    size_t len = shown(stops, count, rest);
    mend(core_strn(rest.ptr, len), &model);
    assert((status == 1) == (len < rest.len));
    assert(core_str_eq(core_buf_str(&whole), core_buf_str(&model)));
    assert(core_str_eq(core_buf_str(&pieces), core_buf_str(&model)));
    core_buf_done(&whole);
    core_buf_done(&pieces);
    core_buf_done(&model);
    return 0;
}
