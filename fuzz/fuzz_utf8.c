/*
 * fuzz_utf8.c: the check and the decoder agree; what was decoded encodes to the same bytes; a cut
 * of valid text is valid and loses at most one character more than asked.
 */
#include "core/str.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct core_str s = core_strn(data, size);
    bool valid = core_utf8_valid(s);
    bool bad = false;
    for (size_t at = 0; at < size;) {
        uint32_t code;
        char bytes[4];
        size_t len = core_utf8_next(s, at, &code);
        if (len == 1 && code == 0xfffd) {
            bad = true;
        } else {
            assert(core_utf8_put(code, bytes) == len && memcmp(bytes, data + at, len) == 0);
            core_utf8_is_word(core_utf8_lower(code));
        }
        at += len;
    }
    assert(valid == !bad);
    for (size_t max = 0; max <= size + 1; max += 1 + max / 3) {
        size_t cut = core_utf8_cut(s, max);
        assert(cut <= max && cut <= size && (cut + 3 >= max || cut == size));
        assert(!valid || core_utf8_valid(core_strn(data, cut)));
    }
    return 0;
}
