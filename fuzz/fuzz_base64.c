/*
 * fuzz_base64.c: bytes that decode, as base64 or as hex, encode to the text they came from, but
 * for alphabet, padding and case.
 */
#include "core/err.h"
#include "core/mem.h"

#include <assert.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void base64(struct core_str text)
{
    size_t cap = text.len / 4 * 3 + 3;
    unsigned char *bytes = core_alloc(cap);
    char *again = core_alloc(core_base64_size(cap));
    ssize_t n = core_base64_decode(text, bytes, cap);
    assert(n >= 0 || n == CORE_EINVAL);
    if (n > 0) {
        assert(core_base64_decode(text, bytes, (size_t)n - 1) == CORE_ETOOBIG);
        core_base64_encode(bytes, (size_t)n, true, again);
        size_t i = 0;
        for (; again[i]; i++)
            assert(again[i] == text.ptr[i] || (again[i] == '-' && text.ptr[i] == '+') ||
                   (again[i] == '_' && text.ptr[i] == '/'));
        for (; i < text.len; i++)
            assert(text.ptr[i] == '=');
    }
    free(bytes);
    free(again);
}

static void hex(struct core_str text)
{
    size_t cap = text.len / 2 + 1;
    unsigned char *bytes = core_alloc(cap);
    char *again = core_alloc(2 * cap + 1);
    ssize_t n = core_hex_decode(text, bytes, cap);
    assert(n >= 0 || n == CORE_EINVAL);
    if (n >= 0) {
        core_hex_encode(bytes, (size_t)n, again);
        assert(core_str_ieq(core_str(again), text));
    }
    free(bytes);
    free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    base64(core_strn(data, size));
    hex(core_strn(data, size));
    return 0;
}
