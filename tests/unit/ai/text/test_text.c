/* test_text.c: words, folding, stop words, sentences. */
#include "ai/text/lang.h"
#include "ai/text/text.h"
#include "core/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

/* All folded words joined by '|'. */
static const char *words_of(const char *text)
{
    static char out[1024];
    struct ai_words it;
    struct ai_word word;
    size_t len = 0;
    ai_words_init(&it, core_str(text));
    out[0] = 0;
    while (ai_words_next(&it, &word)) {
        assert_true(word.end > word.start);
        len += (size_t)snprintf(out + len, sizeof out - len, "%s%.*s", len ? "|" : "",
                                CORE_STR_ARG(word.folded));
    }
    return out;
}

static void test_words(void **state)
{
    (void)state;
    assert_string_equal(words_of("Don\u2019t use apt-get 3.5, 12:30!"),
                        "don't|use|apt|get|3.5|12:30");
    assert_string_equal(words_of("Příkaz Straße ÆON Łódź"), "prikaz|strasse|aeon|lodz");
    assert_string_equal(words_of("r\xcc\x8c"
                                 "e\xcc\x81 x"),
                        "re|x");
    assert_string_equal(words_of("日本 go"), "日|本|go");
    assert_string_equal(words_of("a\xff\xfe"
                                 "b 'quoted' end."),
                        "a|b|quoted|end");
    assert_string_equal(words_of(" \t... --"), "");
    assert_string_equal(words_of("v1.2.3 10, 20"), "v1.2.3|10|20");
}

static void test_word_flags(void **state)
{
    (void)state;
    struct ai_words it;
    struct ai_word word;
    ai_words_init(&it, CORE_STR("IPv6 HTTP Anna 2.5 x86"));
    const unsigned want[] = {AI_WORD_CAPITAL | AI_WORD_DIGIT, AI_WORD_CAPITAL | AI_WORD_UPPER,
                             AI_WORD_CAPITAL, AI_WORD_DIGIT | AI_WORD_NUMBER, AI_WORD_DIGIT};
    for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
        assert_true(ai_words_next(&it, &word));
        assert_int_equal(word.flags, want[i]);
    }
    assert_false(ai_words_next(&it, &word));
    assert_false(ai_words_next(&it, &word));
}

static void test_long_word(void **state)
{
    (void)state;
    char text[1000];
    memset(text, 'x', sizeof text);
    struct ai_words it;
    struct ai_word word;
    ai_words_init(&it, core_strn(text, sizeof text));
    assert_true(ai_words_next(&it, &word));
    assert_int_equal(word.end, sizeof text);
    assert_true(word.folded.len <= AI_WORD_MAX);
    char out[3];
    assert_int_equal(ai_text_fold(CORE_STR("aß"), out, 2), 1);
    assert_int_equal(ai_text_fold(CORE_STR("aß"), out, 3), 3);
}

static void test_stop(void **state)
{
    (void)state;
    assert_int_equal(ai_stop_langs(CORE_STR("the")), AI_STOP_LANG(AI_LANG_EN));
    assert_int_equal(ai_stop_langs(CORE_STR("protoze")), AI_STOP_LANG(AI_LANG_CS));
    assert_true(ai_stop(CORE_STR("nicht"), AI_LANG_DE));
    assert_false(ai_stop(CORE_STR("nicht"), AI_LANG_EN));
    assert_true(ai_stop(CORE_STR("nicht"), AI_LANG_OTHER));
    assert_false(ai_stop(CORE_STR("kernel"), AI_LANG_OTHER));
    assert_int_equal(ai_stop_langs(CORE_STR("")), 0);
    for (size_t i = 1; ai__stop_word(i); i++)
        assert_true(strcmp(ai__stop_word(i - 1), ai__stop_word(i)) < 0);
    /* The first and the last of the table: the search reaches both ends. */
    assert_true(ai_stop(CORE_STR("a"), AI_LANG_EN));
    assert_true(ai_stop(CORE_STR("zwischen"), AI_LANG_DE));
    static const char *const some[] = {"about", "don't", "yourself", "ktera", "jsou", "muss",
                                       "uber",  "donde", "segun",    "pour",  "jest"};
    for (size_t i = 0; i < sizeof some / sizeof *some; i++)
        assert_true(ai_stop(core_str(some[i]), AI_LANG_OTHER));
}

static void check_sentences(const char *text, const char *const *want)
{
    struct ai_sentences it;
    struct ai_sentence s;
    size_t n = 0;
    ai_sentences_init(&it, core_str(text));
    while (ai_sentences_next(&it, &s)) {
        char got[4096];
        snprintf(got, sizeof got, "%.*s", (int)(s.end - s.start), text + s.start);
        if (!want[n])
            fail_msg("one too many: <%s>", got);
        assert_string_equal(got, want[n]);
        n++;
    }
    if (want[n])
        fail_msg("missing: <%s>", want[n]);
}
#define SENTENCES(text, ...) check_sentences(text, (const char *const[]){__VA_ARGS__, NULL})

static void test_sentences(void **state)
{
    (void)state;
    SENTENCES("One. Two! Three? \"Four.\" (Five.) end", "One.", "Two!", "Three?", "\"Four.\"",
              "(Five.) end");
    SENTENCES("Use e.g. Debian or i.e. Ubuntu. Dr. J. Smith said no.",
              "Use e.g. Debian or i.e. Ubuntu.", "Dr. J. Smith said no.");
    SENTENCES("Am 3. Oktober ist frei, z. B. In Bonn. Der Wert ist 5. Danach folgt mehr.",
              "Am 3. Oktober ist frei, z. B. In Bonn.", "Der Wert ist 5.", "Danach folgt mehr.");
    SENTENCES("Viz např. Kapitola 3. Dne 5. května se tzv. Nic nestalo. Konec.",
              "Viz např. Kapitola 3.", "Dne 5. května se tzv. Nic nestalo.", "Konec.");
    SENTENCES("Splatnost: 23. 4. 2026. Dne 3. 12. to skončí. Bod 4. 2 kusy chybí.",
              "Splatnost: 23. 4. 2026.", "Dne 3. 12. to skončí.", "Bod 4.", "2 kusy chybí.");
    SENTENCES("Er gilt ab 1. Jänner 2025 bis 28. Feber. Dann nicht.",
              "Er gilt ab 1. Jänner 2025 bis 28. Feber.", "Dann nicht.");
    SENTENCES("Edit /etc/apt/sources.list.d/x.list now. See foo(1). Then stop",
              "Edit /etc/apt/sources.list.d/x.list now.", "See foo(1).", "Then stop");
    SENTENCES("これは文です。次の文！", "これは文です。", "次の文！");
    SENTENCES("apples, pears, etc. Then more.", "apples, pears, etc.", "Then more.");
}

static void test_sentence_lines(void **state)
{
    (void)state;
    static const char text[] = "Heading here\n\nProse one. Prose two.\n\n- item one. Still one.\n"
                               "2. item two\n\n--force\n  Do it. Really.\n\n    $ code. Not split\n"
                               "    more\n\na | b. C\nd | e\n";
    static const struct {
        const char *text;
        enum ai_sentence_kind kind;
        bool line_first, block_first;
    } want[] = {{"Heading here", AI_SENTENCE_TITLE, true, true},
                {"Prose one.", AI_SENTENCE_PROSE, true, true},
                {"Prose two.", AI_SENTENCE_PROSE, false, false},
                {"- item one.", AI_SENTENCE_ITEM, true, true},
                {"Still one.", AI_SENTENCE_ITEM, false, false},
                {"2. item two", AI_SENTENCE_ITEM, true, false},
                {"--force", AI_SENTENCE_TERM, true, true},
                {"Do it.", AI_SENTENCE_DEFINITION, true, false},
                {"Really.", AI_SENTENCE_DEFINITION, false, false},
                {"$ code. Not split", AI_SENTENCE_CODE, true, true},
                {"more", AI_SENTENCE_CODE, true, false},
                {"a | b. C", AI_SENTENCE_ROW, true, true},
                {"d | e", AI_SENTENCE_ROW, true, false}};
    struct ai_sentences it;
    struct ai_sentence s;
    ai_sentences_init(&it, core_str(text));
    for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
        assert_true(ai_sentences_next(&it, &s));
        assert_int_equal(s.end - s.start, strlen(want[i].text));
        assert_memory_equal(text + s.start, want[i].text, s.end - s.start);
        assert_int_equal(s.kind, want[i].kind);
        assert_int_equal(s.line_first, want[i].line_first);
        assert_int_equal(s.block_first, want[i].block_first);
    }
    assert_false(ai_sentences_next(&it, &s));
    assert_false(ai_sentences_next(&it, &s));
}

/* A number does not make an item of a line that stands alone; lists have more than one. */
static void test_numbered_titles(void **state)
{
    (void)state;
    static const char text[] =
        "It is let.\n\n3. Rent and deposit\n\nThe rent is due.\n\n"
        "4. Keys\n\n1. One key\n\n2. Two keys\n\nThey are given back.\n\n"
        "5. The tenant pays.\n\nSo it is.\n\n9. 4. 2026\n\nThe end.\n\n6. Old van\n"
        "It goes.\n\n7. Salt\nor none\n8. Water\n\nJ. Hill, tenant\n";
    static const struct {
        const char *text;
        enum ai_sentence_kind kind;
    } want[] = {{"It is let.", AI_SENTENCE_PROSE},
                {"3. Rent and deposit", AI_SENTENCE_TITLE},
                {"The rent is due.", AI_SENTENCE_PROSE},
                {"4. Keys", AI_SENTENCE_ITEM},
                {"1. One key", AI_SENTENCE_ITEM},
                {"2. Two keys", AI_SENTENCE_ITEM},
                {"They are given back.", AI_SENTENCE_PROSE},
                {"5. The tenant pays.", AI_SENTENCE_ITEM},
                {"So it is.", AI_SENTENCE_PROSE},
                {"9. 4. 2026", AI_SENTENCE_ITEM},
                {"The end.", AI_SENTENCE_PROSE},
                {"6. Old van", AI_SENTENCE_TITLE},
                {"It goes.", AI_SENTENCE_PROSE},
                {"7. Salt", AI_SENTENCE_ITEM},
                {"or none", AI_SENTENCE_PROSE},
                {"8. Water", AI_SENTENCE_ITEM},
                {"J. Hill, tenant", AI_SENTENCE_PROSE}};
    struct ai_sentences it;
    struct ai_sentence s;
    ai_sentences_init(&it, core_str(text));
    for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
        assert_true(ai_sentences_next(&it, &s));
        assert_int_equal(s.end - s.start, strlen(want[i].text));
        assert_memory_equal(text + s.start, want[i].text, s.end - s.start);
        assert_int_equal(s.kind, want[i].kind);
    }
    assert_false(ai_sentences_next(&it, &s));
}

/* Whatever the bytes: pieces ascend, are not empty, stay in the caps, and lose nothing but
 * space. */
static void check_cover(struct core_str text)
{
    struct ai_sentences it;
    struct ai_sentence s;
    size_t at = 0;
    ai_sentences_init(&it, text);
    while (ai_sentences_next(&it, &s)) {
        assert_true(s.start >= at && s.end > s.start && s.end <= text.len);
        assert_true(s.words >= 1 && s.words <= AI_LIMIT_SENTENCE_WORDS);
        assert_true(s.tokens <= AI_LIMIT_SENTENCE_TOKENS);
        assert_int_equal(ai_text_words(core_strn(text.ptr + at, s.start - at)), 0);
        at = s.end;
    }
    assert_int_equal(ai_text_words(core_strn(text.ptr + at, text.len - at)), 0);
}

static void test_sentence_caps(void **state)
{
    (void)state;
    /* So long that what costs more than its length is noticed. */
    size_t len = 1u << 20;
    char *text = malloc(len);
    assert_non_null(text);
    for (size_t i = 0; i < len; i++)
        text[i] = i % 5 == 4 ? ' ' : 'w';
    check_cover(core_strn(text, len));
    memset(text, 'x', len);
    check_cover(core_strn(text, len));
    memset(text, '.', len);
    check_cover(core_strn(text, len));
    memset(text, '\xff', len);
    check_cover(core_strn(text, len));
    uint64_t seed = 7;
    static const char alphabet[] = "aB1 .!?\n\n  -)(\"|\t\xc5\x99\xe3\x80\x82\x00\xf0";
    for (unsigned round = 0; round < 200; round++) {
        for (size_t i = 0; i < 2000; i++) {
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            text[i] = alphabet[(seed >> 33) % (sizeof alphabet - 1)];
        }
        check_cover(core_strn(text, 2000));
    }
    free(text);
    check_cover(CORE_STR(""));
    check_cover(CORE_STR("\n"));
    check_cover(CORE_STR("\n\n  \nx"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words),           cmocka_unit_test(test_word_flags),
        cmocka_unit_test(test_long_word),       cmocka_unit_test(test_stop),
        cmocka_unit_test(test_sentences),       cmocka_unit_test(test_sentence_lines),
        cmocka_unit_test(test_numbered_titles), cmocka_unit_test(test_sentence_caps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
