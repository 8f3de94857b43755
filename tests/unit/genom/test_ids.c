/* test_ids.c: a text comes back from its ids; phases
 * are ids in another form; what is no text is refused. */
#include "tests/unit/genom/helper.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static void round_trip(const struct genom_dict *d, const char *text, size_t len)
{
    uint32_t ids[2048];
    char back[1024];
    size_t count = genom_ids(d, text, len, ids, 2048), back_len;
    assert_true(count <= 2048);
    assert_int_equal(genom_text(d, ids, count, back, sizeof back, &back_len, NULL), 0);
    assert_int_equal(back_len, len);
    assert_memory_equal(back, text, len);
    if (len > 0) {
        assert_int_equal(genom_text(d, ids, count, back, len - 1, &back_len, NULL), GENOM_ESPACE);
        assert_int_equal(back_len, len);
    }
    assert_int_equal(genom_ids(d, text, len, ids, 1), count);
}

static void texts_come_back(void **state)
{
    static const char *const parts[] = {"hello", "World",  "NASA", " ",      "  ",       "\n",
                                        "...",   "don't",  "42",   "xyzzyq", "kůň",      "👋",
                                        "\x80",  "iPhone", "-",    "2026",   "ŽLUŤOUČKÝ"};
    struct genom_dict *d = helper_real_dict();
    char text[300];
    (void)state;
    assert_non_null(d);
    round_trip(d, "", 0);
    srandom(13);
    for (unsigned round = 0; round < 3000; round++) {
        size_t len = 0;
        for (long n = random() % 12; n >= 0; n--)
            len += (size_t)snprintf(text + len, sizeof text - len, "%s",
                                    parts[(size_t)random() % (sizeof parts / sizeof *parts)]);
        round_trip(d, text, len);
        for (size_t i = 0; i < 40; i++)
            text[i] = (char)random();
        round_trip(d, text, 40);
    }
}

static void ids_are_as_written_down(void **state)
{
    struct genom_dict *d = helper_real_dict();
    uint32_t ids[16];
    (void)state;
    assert_int_equal(genom_ids(d, "Hello, NASA", 11, ids, 16), 6);
    assert_int_equal(ids[0], GENOM_ID_TITLE);
    assert_int_equal(ids[1], genom_lookup(d, "hello", 5));
    assert_int_equal(ids[2], GENOM_ID_JOIN);
    assert_int_equal(ids[3], genom_lookup(d, ",", 1));
    assert_int_equal(ids[4], GENOM_ID_UPPER);
    assert_int_equal(ids[5], genom_lookup(d, "nasa", 4));
}

static void what_is_no_text_is_refused(void **state)
{
    struct genom_dict *d = helper_real_dict();
    uint32_t word = genom_lookup(d, "hello", 5), byte = d->byte_ids['x'];
    const uint32_t wrong[][4] = {{GENOM_ID_JOIN, word, word, word},
                                 {word, GENOM_ID_END, word, word},
                                 {word, word, word, GENOM_TOKENS},
                                 {word, GENOM_ID_SPELL, byte, byte},
                                 {word, GENOM_ID_SPELL, word, GENOM_ID_END},
                                 {word, word, word, GENOM_ID_TITLE},
                                 {word, GENOM_ID_TITLE, GENOM_ID_UPPER, word},
                                 {GENOM_ID_TITLE, GENOM_ID_SPELL, byte, GENOM_ID_END},
                                 {word, 4, word, word}};
    char out[64];
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        size_t len, bad = 9;
        assert_int_equal(genom_text(d, wrong[i], 4, out, sizeof out, &len, &bad), GENOM_EDATA);
        assert_true(bad < 4);
    }
}

static void phases_are_ids(void **state)
{
    struct genom_dict *d = helper_real_dict();
    struct genom_token t;
    (void)state;
    for (uint32_t id = 0; id < GENOM_TOKENS; id += 101) {
        assert_true(genom_token(d, id, &t));
        assert_int_equal(genom_at_phase(d, t.phase), id);
        assert_int_equal(genom_at_phase(d, t.phase + 1), GENOM_NONE);
    }
    assert_int_equal(genom_at_phase(d, UINT32_MAX), GENOM_NONE);
}

static void an_id_has_a_text(void **state)
{
    (void)state;
    static const uint32_t edges[] = {0, 9, 10, 15, 16, 99999, 100000, 0xffff, 0x10000, UINT32_MAX};
    for (size_t i = 0; i < sizeof edges / sizeof *edges; i++) {
        for (uint32_t id = edges[i] - 1; id != edges[i] + 2; id++) {
            char want[32], text[GENOM_ID_TEXT];
            uint32_t back;
            assert_int_equal(genom_id_token(id, text), snprintf(want, sizeof want, "T-%05u", id));
            assert_string_equal(text, want);
            assert_true(genom_id_read(text, strlen(text), &back) && back == id);
            assert_int_equal(genom_id_hex(id, text), snprintf(want, sizeof want, "0x%04X", id));
            assert_string_equal(text, want);
            assert_true(genom_id_read(text, strlen(text), &back) && back == id);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_come_back),
        cmocka_unit_test(ids_are_as_written_down),
        cmocka_unit_test(what_is_no_text_is_refused),
        cmocka_unit_test(phases_are_ids),
        cmocka_unit_test(an_id_has_a_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
