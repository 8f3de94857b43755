/* test_pack.c: packing and unpacking a dictionary. */
#include "tests/unit/genom/helper.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static uint8_t *packed(const struct genom_dict *d, size_t *ret_len)
{
    size_t cap = genom_dict_size(d) + 65536;
    uint8_t *pack = malloc(cap);
    assert_non_null(pack);
    assert_int_equal(genom_pack(d, pack, cap, ret_len), 0);
    assert_true(*ret_len < cap);
    return pack;
}

/* The lists of mode dense are left out of a pack; all else comes back. */
static void put_dense_back(uint8_t *out, const uint8_t *bytes)
{
    size_t dense_len, dense = helper_section(bytes, "DENS", &dense_len);
    for (size_t i = 0; i < dense_len; i++)
        assert_int_equal(out[dense + i], 0);
    memcpy(out + dense, bytes + dense, dense_len);
}

/* Packs, unpacks, compares. */
static void comes_back(const struct genom_dict *d, const uint8_t *bytes, size_t len)
{
    size_t pack_len, out_len, need;
    uint8_t *pack = packed(d, &pack_len), *out = malloc(len);
    assert_non_null(out);
    assert_int_equal(genom_pack(d, NULL, 0, &need), GENOM_ESPACE);
    assert_int_equal(need, pack_len);
    assert_int_equal(genom_unpack(pack, pack_len, out, len - 1, &need), GENOM_ESPACE);
    assert_int_equal(need, len);
    assert_int_equal(genom_unpack(pack, pack_len, out, len, &out_len), 0);
    assert_int_equal(out_len, len);
    put_dense_back(out, bytes);
    assert_memory_equal(out, bytes, len);
    free(out);
    free(pack);
}

static void it_comes_back(void **state)
{
    (void)state;
    size_t len;
    uint8_t *bytes = helper_dict_bytes(&len);
    struct genom_dict *d = helper_dict_open(bytes, len);
    comes_back(d, bytes, len);
    genom_dict_close(d);
    free(bytes);
}

static void the_real_one_comes_back(void **state)
{
    (void)state;
    struct genom_dict *d = helper_real_dict();
    assert_non_null(d);
    comes_back(d, d->file, d->size);
}

/* Every cut is refused, and no altered byte leads out of the pack or the file (the sanitizers look
 * on). What still opens is not what its name says. */
static void damage_is_found(void **state)
{
    (void)state;
    size_t len, pack_len, out_len;
    uint8_t *bytes = helper_dict_bytes(&len);
    struct genom_dict *d = helper_dict_open(bytes, len), *again;
    uint8_t *pack = packed(d, &pack_len), *out = malloc(len), *copy;
    assert_non_null(out);
    for (size_t cut = 0; cut < pack_len; cut += cut < 2000 ? 1 : 997) {
        copy = malloc(cut + 1);
        assert_non_null(copy);
        memcpy(copy, pack, cut);
        assert_int_not_equal(genom_unpack(copy, cut, out, len, &out_len), 0);
        free(copy);
    }
    unsigned refused = 0, found = 0;
    for (size_t at = 0; at < pack_len; at += at < 4000 || at + 4000 > pack_len ? 1 : 499) {
        for (unsigned value = 1; value < 256; value += 127) {
            pack[at] ^= value;
            if (genom_unpack(pack, pack_len, out, len, &out_len))
                refused++;
            else {
                again = genom__dict_new();
                assert_non_null(again);
                if (genom__dict_init(again, out, out_len) || genom_dict_verify(again))
                    found++;
                else {
                    put_dense_back(out, bytes);
                    assert_memory_equal(out, bytes, len);
                }
                genom__dict_free(again);
            }
            pack[at] ^= value;
        }
    }
    assert_true(refused > 100 && found > 100);
    pack[8] = 2;
    assert_int_equal(genom_unpack(pack, pack_len, out, len, &out_len), GENOM_EVERSION);
    free(out);
    free(pack);
    genom_dict_close(d);
    free(bytes);
}

/* A header that says what sections cannot be, with right sums. */
static void a_lying_header_is_refused(void **state)
{
    (void)state;
    size_t len, pack_len, out_len;
    uint8_t *bytes = helper_dict_bytes(&len);
    struct genom_dict *d = helper_dict_open(bytes, len);
    uint8_t *pack = packed(d, &pack_len), *out = malloc(len), *file = pack + PACK_HEADER;
    unsigned sections = load32(file + 12), refused = 0;
    assert_non_null(out);
    for (unsigned i = 0; i < sections; i++) {
        for (unsigned byte = 8; byte < 24; byte++) {
            uint8_t *p = file + 64 + 24 * i + byte, was = *p;
            *p ^= 1 << (byte % 8);
            helper_pack_seal(pack);
            refused += genom_unpack(pack, pack_len, out, len, &out_len) != 0;
            *p = was;
        }
    }
    assert_true(refused > sections * 8);
    for (unsigned byte = 12; byte < 28; byte++) {
        uint8_t was = file[byte];
        file[byte] ^= 3;
        helper_pack_seal(pack);
        assert_int_not_equal(genom_unpack(pack, pack_len, out, len, &out_len), 0);
        file[byte] = was;
    }
    free(out);
    free(pack);
    genom_dict_close(d);
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_comes_back),
        cmocka_unit_test(the_real_one_comes_back),
        cmocka_unit_test(damage_is_found),
        cmocka_unit_test(a_lying_header_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
