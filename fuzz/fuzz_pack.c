/*
 * fuzz_pack.c: a packed dictionary, altered anywhere, never leads out of its bytes or of the file;
 * what it becomes opens and is read, or is refused.
 */
#include "tests/unit/genom/helper.h"

#include <assert.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t *make_pack(size_t *ret_len, size_t *ret_size)
{
    uint8_t *bytes = helper_dict_bytes(ret_size);
    struct genom_dict *dict = helper_dict_open(bytes, *ret_size);
    uint8_t *pack = malloc(2 * *ret_size);
    assert(pack && !genom_pack(dict, pack, 2 * *ret_size, ret_len));
    genom_dict_close(dict);
    free(bytes);
    return pack;
}

static void read_all(const uint8_t *file, size_t len)
{
    struct genom_dict *dict = genom__dict_new();
    struct genom_token token;
    assert(dict);
    if (!genom__dict_init(dict, file, len)) {
        for (uint32_t id = 0; id < dict->count; id += 7)
            genom_token(dict, id, &token);
        (void)genom_dict_verify(dict);
    }
    genom__dict_free(dict);
}

/* Bit 0 of the first byte: the sums of the header are made right; the second: how much is cut off.
 * Then four bytes each: where, and what to. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t *pack;
    static size_t len, file_len;
    size_t out_len;
    if (!pack)
        pack = make_pack(&len, &file_len);
    if (size < 2)
        return 0;
    size_t left = len - data[1];
    uint8_t *copy = malloc(left), *out = malloc(file_len);
    assert(copy && out);
    memcpy(copy, pack, left);
    bool seal = data[0] & 1;
    for (data += 2, size -= 2; size >= 4; data += 4, size -= 4)
        copy[(data[0] | (size_t)data[1] << 8 | (size_t)data[2] << 16) % left] = data[3];
    if (seal)
        helper_pack_seal(copy);
    if (!genom_unpack(copy, left, out, file_len, &out_len))
        read_all(out, out_len);
    free(out);
    free(copy);
    return 0;
}
