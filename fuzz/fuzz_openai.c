/*
 * fuzz_openai.c: what a provider sends, whole and in pieces, gives the same text: valid UTF-8
 * without U+0000, and the same end. Input: size of the pieces; the bytes.
 */
#include "ai/model/openai_wire.h"
#include "core/limits.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int run(struct core_str bytes, size_t step, struct ai_wire *w, struct core_buf *text)
{
    int err = 0;
    ai_wire_init(w);
    for (size_t at = 0; at < bytes.len && !err; at += step) {
        size_t len = bytes.len - at < step ? bytes.len - at : step;
        err = ai_wire_feed(w, core_strn(bytes.ptr + at, len), text);
    }
    if (!err)
        err = ai_wire_end(w, text);
    assert(err == 0 || err == CORE_EPROTO || err == CORE_ETOOBIG);
    assert(core_utf8_valid(core_buf_str(text)));
    assert(core_str_find_byte(core_buf_str(text), '\0') < 0);
    ai_wire_done(w);
    return err;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ai_wire a, b;
    struct core_buf whole, pieces;
    if (size < 1)
        return 0;
    struct core_str bytes = core_strn(data + 1, size - 1);
    core_buf_init(&whole, 1 << 22);
    core_buf_init(&pieces, 1 << 22);
    int err = run(bytes, bytes.len ? bytes.len : 1, &a, &whole);
    int again = run(bytes, 1 + data[0] % 64, &b, &pieces);
    assert(err == again);
    assert(core_str_eq(core_buf_str(&whole), core_buf_str(&pieces)));
    assert(a.counted == b.counted && a.tokens_in == b.tokens_in && a.tokens_out == b.tokens_out);
    assert(a.ended == b.ended);
    core_buf_done(&whole);
    core_buf_done(&pieces);
    return 0;
}
