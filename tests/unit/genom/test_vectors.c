/* test_vectors.c: tests/vectors/genom.json, the contract
 * for other implementations, is what this one does. */
#include "bus/session.h"
#include "tests/unit/genom/helper.h"
#include "tests/unit/vectors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static struct core_json_doc *doc;

static size_t bytes_of(core_json object, const char *key, uint8_t *out, size_t cap)
{
    struct core_str hex;
    assert_int_equal(core_json_str(core_json_get(object, key), &hex), 0);
    ssize_t len = core_hex_decode(hex, out, cap);
    assert_true(len >= 0);
    return (size_t)len;
}

static size_t ids_of(core_json object, uint32_t *out, size_t cap)
{
    struct core_json_iter it = core_json_iter(core_json_get(object, "ids"));
    struct core_str key;
    core_json one;
    size_t count = 0;
    while (core_json_next(&it, &key, &one)) {
        int64_t id;
        assert_true(count < cap && core_json_i64(one, &id) == 0);
        out[count++] = (uint32_t)id;
    }
    return count;
}

static int64_t number_of(core_json object, const char *key)
{
    int64_t n;
    assert_int_equal(core_json_i64(core_json_get(object, key), &n), 0);
    return n;
}

static size_t each(const char *key, void (*check)(core_json test))
{
    struct core_json_iter it = core_json_iter(core_json_get(core_json_root(doc), key));
    struct core_str name;
    core_json test;
    size_t count = 0;
    for (; core_json_next(&it, &name, &test); count++)
        check(test);
    return count;
}

static void check_text(core_json test)
{
    struct genom_dict *d = helper_real_dict();
    uint8_t text[256], coded[256], again[257];
    uint32_t ids[2048], more[2048];
    char back[256];
    size_t len = bytes_of(test, "text", text, sizeof text),
           coded_len = bytes_of(test, "fast", coded, sizeof coded);
    size_t count = ids_of(test, ids, 2048), got;
    assert_int_equal(genom_decode(d, coded, coded_len, back, sizeof back, &got), 0);
    assert_int_equal(got, len);
    assert_memory_equal(back, text, len);
    assert_int_equal(genom_encode(d, GENOM_FAST, text, len, again, sizeof again, &got), 0);
    assert_int_equal(got, coded_len);
    assert_memory_equal(again, coded, got);
    coded_len = bytes_of(test, "dense", coded, sizeof coded);
    assert_int_equal(genom_decode(d, coded, coded_len, back, sizeof back, &got), 0);
    assert_true(got == len && !memcmp(back, text, len));
    assert_int_equal(genom_encode(d, GENOM_DENSE, text, len, again, sizeof again, &got), 0);
    assert_true(got == coded_len && !memcmp(again, coded, got));
    assert_int_equal(genom_text(d, ids, count, back, sizeof back, &got, NULL), 0);
    assert_int_equal(got, len);
    assert_memory_equal(back, text, len);
    assert_int_equal(genom_ids(d, (const char *)text, len, more, 2048), count);
    assert_memory_equal(more, ids, count * sizeof *ids);
}

static void check_message(core_json test)
{
    struct core_str text, type, id, dictionary;
    uint8_t payload[256], bytes[256], want[256], want_bytes[256];
    struct genom_message m, n;
    char out[512], word[24];
    size_t len = bytes_of(test, "payload", want, sizeof want),
           bytes_len = bytes_of(test, "bytes", want_bytes, sizeof want_bytes), got;
    assert_int_equal(core_json_str(core_json_get(test, "text"), &text), 0);
    assert_int_equal(core_json_str(core_json_get(test, "type"), &type), 0);
    assert_int_equal(core_json_str(core_json_get(test, "id"), &id), 0);
    assert_int_equal(core_json_str(core_json_get(test, "dictionary"), &dictionary), 0);
    assert_int_equal(genom_message_get_text(text.ptr, text.len, payload, sizeof payload, &m), 0);
    assert_int_equal(genom_message_get_bytes(want_bytes, bytes_len, &n), 0);
    assert_true(m.from == number_of(test, "from") && n.from == m.from);
    assert_true(m.to == number_of(test, "to") && n.to == m.to);
    assert_true(core_str_eq_c(type, genom_type_name(m.type)) && n.type == m.type);
    snprintf(word, sizeof word, "%016llx", (unsigned long long)m.id);
    assert_true(core_str_eq_c(id, word) && n.id == m.id);
    snprintf(word, sizeof word, "%08x", m.dict);
    assert_true(core_str_eq_c(dictionary, word) && n.dict == m.dict);
    assert_true(m.len == len && n.len == len);
    assert_memory_equal(m.payload, want, len);
    assert_memory_equal(n.payload, want, len);
    assert_int_equal(genom_message_put_text(&m, out, sizeof out, &got), 0);
    assert_true(got == text.len && !memcmp(out, text.ptr, got));
    assert_int_equal(genom_message_put_bytes(&m, bytes, sizeof bytes, &got), 0);
    assert_int_equal(got, bytes_len);
    assert_memory_equal(bytes, want_bytes, got);
}

static void check_rotation(core_json test)
{
    struct genom_dict *d = helper_real_dict();
    uint8_t key[32], header[64], want[256], sealed[256];
    uint32_t ids[64], back[64];
    size_t header_len = bytes_of(test, "header", header, sizeof header),
           len = bytes_of(test, "sealed", want, sizeof want);
    size_t count = ids_of(test, ids, 64);
    uint64_t counter = (uint64_t)number_of(test, "counter");
    assert_int_equal(bytes_of(test, "key", key, sizeof key), 32);
    assert_int_equal(genom_seal_tokens(d, &bus_genom_crypto, key, counter, header, header_len, ids,
                                       count, sealed),
                     0);
    assert_int_equal(len, 3 * count + GENOM_SEALED_EXTRA);
    assert_memory_equal(sealed, want, len);
    assert_int_equal(
        genom_open_tokens(d, &bus_genom_crypto, key, counter, header, header_len, want, len, back),
        0);
    assert_memory_equal(back, ids, count * sizeof *ids);
    want[len - 1] ^= 1;
    assert_int_equal(
        genom_open_tokens(d, &bus_genom_crypto, key, counter, header, header_len, want, len, back),
        GENOM_EDATA);
}

static void the_dictionary_is_the_one(void **state)
{
    struct core_str name;
    char ours[GENOM_DICT_NAME];
    (void)state;
    assert_int_equal(core_json_str(core_json_get(core_json_root(doc), "dictionary"), &name), 0);
    genom_dict_name(helper_real_dict(), ours);
    if (!core_str_eq_c(name, ours))
        fail_msg(
            "the vectors are of dictionary %.*s, here is %s: see tests/vectors/genom_vectors.c",
            (int)name.len, name.ptr, ours);
}

static void texts(void **state)
{
    (void)state;
    assert_true(each("texts", check_text) >= 1500);
}

static void messages(void **state)
{
    (void)state;
    assert_true(each("messages", check_message) >= 300);
}

static void rotations(void **state)
{
    (void)state;
    assert_true(each("rotations", check_rotation) >= 200);
}

static int set_up(void **state)
{
    (void)state;
    doc = vectors_open("genom.json");
    return helper_real_dict() ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    core_json_free(doc);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_dictionary_is_the_one),
        cmocka_unit_test(texts),
        cmocka_unit_test(messages),
        cmocka_unit_test(rotations),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
