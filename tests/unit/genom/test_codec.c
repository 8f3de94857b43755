/* test_codec.c: every text comes back, whatever it
 * is; what decodes is bounded; garbage is refused. */
#include "tests/unit/genom/helper.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static struct genom_dict *small;
static uint8_t *small_bytes;

static void round_trip(const struct genom_dict *dict, enum genom_mode mode, const char *text,
                       size_t len)
{
    size_t cap = genom_encode_bound(len), coded_len = 0, back_len = 0;
    uint8_t *coded = malloc(cap + 1);
    char *back = malloc(len + 1);
    assert_int_equal(genom_encode(dict, mode, text, len, coded, cap, &coded_len), 0);
    assert_true(coded_len <= cap);
    int err = genom_decode(dict, coded, coded_len, back, len, &back_len);
    if (err || back_len != len || memcmp(back, text, len))
        fail_msg("\"%.*s\" (%zu bytes) came back with %d as \"%.*s\"", (int)len, text, len, err,
                 (int)back_len, back);
    /* A byte less of room is refused. */
    if (len > 0)
        assert_int_equal(genom_decode(dict, coded, coded_len, back, len - 1, &back_len),
                         GENOM_ESPACE);
    free(coded);
    free(back);
}

/* Who has the pieces gets the same, in whatever room. */
static void same_of_pieces(const struct genom_dict *dict, const char *text, size_t len)
{
    size_t cap = genom_encode_bound(len), at = 0, coded_len = 0;
    struct genom_piece *pieces = malloc((len + 1) * sizeof *pieces);
    size_t count = genom_pieces(dict, text, len, &at, pieces, len + 1);
    uint8_t *coded = malloc(cap), *again = malloc(cap);
    assert_int_equal(at, len);
    for (size_t room = 0; room <= cap; room++) {
        size_t again_len = 0;
        int err = genom_encode(dict, GENOM_FAST, text, len, coded, room, &coded_len);
        assert_int_equal(
            genom_encode_pieces(dict, text, len, pieces, count, again, room, &again_len), err);
        assert_int_equal(again_len, coded_len);
        if (!err)
            assert_memory_equal(again, coded, coded_len);
    }
    free(pieces);
    free(coded);
    free(again);
}

static void both(const char *text, size_t len)
{
    if (len <= 512) {
        same_of_pieces(small, text, len);
        same_of_pieces(helper_real_dict(), text, len);
    }
    for (unsigned mode = GENOM_FAST; mode <= GENOM_DENSE; mode++) {
        round_trip(small, (enum genom_mode)mode, text, len);
        round_trip(helper_real_dict(), (enum genom_mode)mode, text, len);
    }
}

static const char *const texts[] = {
    "",
    " ",
    "  ",
    "a",
    "A",
    "\n",
    "\t\r\n",
    " a",
    "a ",
    " a ",
    "a  b",
    "a   b    c",
    "hello world",
    "Hello, World!",
    "HELLO WORLD",
    "hELLO",
    "Don't you",
    "don''t",
    "'hello'",
    "\"Hello\" (world)",
    "I met NASA at 12:30 on 2026-11-26.",
    "0",
    "00",
    "007",
    "1899 1900 2099 2100 123456789",
    "příliš žluťoučký KŮŇ Kůň kůŇ",
    "Ahoj světe",
    "naïve Naïve NAÏVE naÏve",
    "👋 👋🏽👋",
    "日本日本 日本",
    "https://example.org/a?b=c",
    "...!?",
    "a...b",
    "e\xcc\x81",
    "\xff\xfe\x00",
    "x\x80y",
    "\xc3",
    "new york New York",
    "straße STRASSE ẞ",
    "İstanbul ıI",
    "word\n\nNext line\n",
    "— – … “quoted” ‘so’",
    "\x01\x02\x7f",
    "a\xc2\xa0"
    "b",
};

static void texts_come_back(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        both(texts[i], strlen(texts[i]));
    both("\0", 1);
    both("a\0b", 3);
    both("\xff\xff\xff", 3);
}

static void anything_comes_back(void **state)
{
    static const char *const parts[] = {
        "hello", "Hello",     "WORLD", " ",  "  ",    "\n",
        ",",     ".",         "...",   "'",  "123",   "0045",
        "kůň",   "ŽLUŤOUČKÝ", "👋",    "日", "\x80",  "\xf0\x9f",
        "Zq",    "\"",        "(",     "-",  "don't", "supercalifragilisticexpialidocious",
        "\t",    "://",       "2026",  "ß",  "А",     "я"};
    char text[600];
    (void)state;
    srandom(7);
    for (unsigned round = 0; round < 3000; round++) {
        size_t len = 0;
        for (long n = random() % 20; n >= 0; n--) {
            const char *part = parts[(size_t)random() % (sizeof parts / sizeof *parts)];
            len += (size_t)snprintf(text + len, sizeof text - len, "%s", part);
        }
        both(text, len < sizeof text ? len : sizeof text - 1);
        len = (size_t)random() % 64;
        for (size_t i = 0; i < len; i++)
            text[i] = (char)random();
        both(text, len);
    }
}

/* Ten million bytes: words of the dictionary in any casing, spaces, signs, bytes of no kind, in
 * texts of any length, in turns of both modes. */
static void ten_million_bytes_come_back(void **state)
{
    enum { MOST = 20000 };
    static char text[MOST];
    const struct genom_dict *d = helper_real_dict();
    size_t total = 0;
    (void)state;
    srandom(17);
    for (unsigned turn = 0; total < 10000000; turn++) {
        size_t len = 0, most = 1 + (size_t)random() % (turn % 8 ? 300 : MOST);
        while (len < most) {
            struct genom_str form = genom__form(d, (uint32_t)random() %
                                                       (random() % 3 ? 3000 : d->count));
            long kind = random() % 12;
            size_t n = form.len < most - len ? form.len : most - len;
            if (kind < 8)
                memcpy(text + len, form.ptr, n);
            if (kind < 8 && n > 0 && random() % 5 == 0)
                text[len] ^= 0x20;
            len += kind < 8 ? n : 0;
            if (len < most && kind > 1)
                text[len++] = kind < 9    ? ' '
                              : kind < 11 ? (char)(random() % 96 + 32)
                                          : (char)random();
        }
        round_trip(d, turn % 2 ? GENOM_DENSE : GENOM_FAST, text, len);
        total += len;
    }
}

static void long_words_come_back(void **state)
{
    size_t len = 300000;
    char *text = malloc(len);
    (void)state;
    memset(text, 'x', len);
    both(text, len);
    for (size_t i = 0; i < len; i++)
        text[i] = (char)(i % 2 ? 0x99 : 0xc5); /* ř… as one word */
    both(text, len);
    memset(text, ' ', len);
    both(text, len);
    memset(text, 0xff, len);
    both(text, len);
    free(text);
}

static void a_message_is_short(void **state)
{
    const char *text = "Hello, how are you doing today? I hope that everything is fine.";
    uint8_t out[128];
    size_t len;
    (void)state;
    assert_int_equal(
        genom_encode(helper_real_dict(), GENOM_FAST, text, strlen(text), out, sizeof out, &len), 0);
    assert_true(len * 3 < strlen(text));
    assert_int_equal(genom_encode(small, GENOM_FAST, "", 0, out, 0, &len), 0);
    assert_int_equal(len, 0);
    assert_int_equal(genom_encode(small, GENOM_FAST, "\xfe\xfd", 2, out, 1, &len), GENOM_ESPACE);
    assert_int_equal(len, 3);
    assert_int_equal(genom_encode(small, (enum genom_mode)9, "a", 1, out, 9, &len), GENOM_EVERSION);
}

/* Whatever is decoded ends soon, within its room, and what it gives encodes again. */
static void garbage_is_bounded(void **state)
{
    static char out[4096 + 1];
    uint8_t in[64];
    unsigned refused = 0, taken = 0;
    (void)state;
    srandom(11);
    for (unsigned round = 0; round < 20000; round++) {
        size_t len = 1 + (size_t)random() % sizeof in, out_len = 0;
        for (size_t i = 0; i < len; i++)
            in[i] = (uint8_t)random();
        /* Half of them in mode fast, half dense. */
        in[0] = (uint8_t)(round & 2 ? 0x7c + in[0] % 0x40 : in[0] & 0x7f);
        out[4096] = 0x5a;
        int err = genom_decode(round % 2 ? small : helper_real_dict(), in, len, out, 4096,
                               &out_len);
        assert_int_equal(out[4096], 0x5a);
        assert_true(err == 0 || err == GENOM_EDATA || err == GENOM_ESPACE || err == GENOM_EVERSION);
        refused += err != 0;
        taken += err == 0;
        if (err == 0)
            both(out, out_len);
    }
    assert_true(refused > 1000 && taken > 100);
}

static void change_bytes(enum genom_mode mode)
{
    const char *text = "We meet at noon, don't we?";
    uint8_t out[64];
    char back[256];
    size_t len, back_len;
    assert_int_equal(genom_encode(small, mode, text, strlen(text), out, sizeof out, &len), 0);
    /* Of the last byte only some bits count. */
    for (size_t i = 0; i + 1 < len; i++) {
        out[i] ^= 0x10;
        int err = genom_decode(small, out, len, back, sizeof back, &back_len);
        assert_true(err || back_len != strlen(text) || memcmp(back, text, back_len));
        out[i] ^= 0x10;
    }
    /* Cut off, or with something behind it. */
    for (size_t cut = 1; cut + 1 < len; cut++) {
        int err = genom_decode(small, out, cut, back, sizeof back, &back_len);
        assert_true(err || back_len != strlen(text) || memcmp(back, text, back_len));
    }
    memset(out + len, 7, 8);
    assert_int_equal(genom_decode(small, out, len + 8, back, sizeof back, &back_len), GENOM_EDATA);
}

static void a_changed_byte_changes_the_text(void **state)
{
    (void)state;
    change_bytes(GENOM_FAST);
    change_bytes(GENOM_DENSE);
}

static size_t coded_len(const struct genom_dict *dict, enum genom_mode mode, const char *text)
{
    uint8_t out[512];
    size_t len;
    assert_int_equal(genom_encode(dict, mode, text, strlen(text), out, sizeof out, &len), 0);
    return len;
}

/* What was learnt, and what comes again, takes fewer bytes; nothing takes more. */
static void dense_is_shorter(void **state)
{
    static const char *const chat[] = {
        "Hello, how are you doing today?",
        "I don't know what to do.",
        "That sounds like a lot of fun!",
        "I'm not sure if I have ever been there.",
    };
    size_t fast = 0, dense = 0;
    (void)state;
    for (size_t i = 0; i < sizeof chat / sizeof *chat; i++) {
        fast += coded_len(helper_real_dict(), GENOM_FAST, chat[i]);
        dense += coded_len(helper_real_dict(), GENOM_DENSE, chat[i]);
    }
    assert_true(dense * 4 < fast * 3);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        assert_true(coded_len(small, GENOM_DENSE, texts[i]) <=
                    coded_len(small, GENOM_FAST, texts[i]));
        assert_true(coded_len(helper_real_dict(), GENOM_DENSE, texts[i]) <=
                    coded_len(helper_real_dict(), GENOM_FAST, texts[i]));
    }
    assert_true(coded_len(small, GENOM_DENSE, "hello world! hello world!") <
                coded_len(small, GENOM_FAST, "hello world! hello world!"));
    /* Words that follow each other nowhere in the texts, twice. */
    const char *again = "Melon zebra quantum melon zebra quantum melon zebra quantum";
    const char *other = "Melon zebra quantum pelican turbine violin hamlet copper yoga";
    assert_true(coded_len(helper_real_dict(), GENOM_DENSE, again) * 3 <
                coded_len(helper_real_dict(), GENOM_DENSE, other) * 2);
}

/* A dictionary without lists: what mode dense gives
 * is mode fast's, and what another gave is refused. */
static void lists_may_be_missing(void **state)
{
    const char *text = "hello world!";
    uint8_t with[64], without[64];
    char back[64];
    size_t len, with_len, without_len, back_len;
    uint8_t *bytes = helper_dict_bytes(&len);
    (void)state;
    for (unsigned i = 0; i < load32(bytes + 12); i++)
        if (!memcmp(bytes + 64 + 24 * i, "DENS", 4))
            memcpy(bytes + 64 + 24 * i, "NONE", 4);
    helper_dict_seal(bytes, len);
    struct genom_dict *dict = helper_dict_open(bytes, len);
    size_t room = sizeof with;
    assert_int_equal(genom_encode(small, GENOM_DENSE, text, strlen(text), with, room, &with_len),
                     0);
    assert_int_equal(
        genom_encode(dict, GENOM_DENSE, text, strlen(text), without, room, &without_len), 0);
    assert_true(with_len < without_len);
    assert_int_equal(genom_decode(dict, with, with_len, back, sizeof back, &back_len),
                     GENOM_EVERSION);
    assert_int_equal(genom_decode(small, without, without_len, back, sizeof back, &back_len), 0);
    genom_dict_close(dict);
    free(bytes);
}

static int set_up(void **state)
{
    size_t len;
    (void)state;
    small_bytes = helper_dict_bytes(&len);
    small = helper_dict_open(small_bytes, len);
    return helper_real_dict() ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    genom_dict_close(small);
    genom_dict_close(helper_real_dict());
    free(small_bytes);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_come_back),
        cmocka_unit_test(anything_comes_back),
        cmocka_unit_test(ten_million_bytes_come_back),
        cmocka_unit_test(long_words_come_back),
        cmocka_unit_test(a_message_is_short),
        cmocka_unit_test(garbage_is_bounded),
        cmocka_unit_test(a_changed_byte_changes_the_text),
        cmocka_unit_test(dense_is_shorter),
        cmocka_unit_test(lists_may_be_missing),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
