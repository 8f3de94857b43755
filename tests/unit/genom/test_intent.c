/* test_intent.c: what messages want, against those the phrases were chosen with
 * (intents_tuning.tsv: intent, language, message), and what any bytes may do. */
#include "genom/genom.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

static const char *intent_of(const char *text)
{
    struct genom_intent intent;
    genom_intent(text, strlen(text), &intent);
    return intent.name;
}

/* --- The tuning set ------------------------------------------------------------------------- */

static FILE *open_set(void)
{
    char path[512];
    const char *source = getenv("SKY_SOURCE");
    assert_non_null(source);
    snprintf(path, sizeof path, "%s/tests/unit/genom/intents_tuning.tsv", source);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    return file;
}

static void most_of_the_set_is_right(void **state)
{
    static const char *const langs[] = {"en", "cs", "de", "es"};
    unsigned right[4] = {0}, all[4] = {0};
    char *line = NULL;
    size_t cap = 0;
    ssize_t len;
    FILE *file = open_set();
    (void)state;
    while ((len = getline(&line, &cap, file)) > 0) {
        char *lang = strchr(line, '\t'), *text = lang ? strchr(lang + 1, '\t') : NULL;
        unsigned which = 0;
        assert_non_null(text);
        line[len - 1] = *lang++ = *text++ = 0;
        while (which < 3 && strcmp(lang, langs[which]))
            which++;
        all[which]++;
        right[which] += !strcmp(intent_of(text), line);
    }
    for (unsigned i = 0; i < 4; i++) {
        assert_true(all[i] >= 100);
        assert_true(right[i] * 100 >= all[i] * 95);
    }
    free(line);
    fclose(file);
}

/* --- Rules ---------------------------------------------------------------------------------- */

static void the_main_part_decides(void **state)
{
    (void)state;
    assert_string_equal(intent_of("Hi Jo, could you send me the file? Thanks, bye"), "request");
    assert_string_equal(intent_of("Hello, where is the station?"), "question");
    assert_string_equal(intent_of("I have put the files on your desk. Thanks"), "statement");
    assert_string_equal(intent_of("Thanks for the files"), "thanks");
    assert_string_equal(intent_of("Could you tell me where the station is?"), "question");
    assert_string_equal(intent_of("Could you hold the door?"), "request");
    assert_string_equal(intent_of("Is the server down?"), "question");
    assert_string_equal(intent_of("The server is down"), "alert");
    assert_string_equal(intent_of("The server was down yesterday, it is fixed"), "statement");
    assert_string_equal(intent_of("ok"), "affirm");
    assert_string_equal(intent_of("ok, where?"), "question");
    assert_string_equal(intent_of("/restart node 5"), "request");
    assert_string_equal(intent_of("?"), "question");
}

static void spelling_hardly_matters(void **state)
{
    (void)state;
    assert_string_equal(intent_of("THANK YOU"), "thanks");
    assert_string_equal(intent_of("thaaaanks"), "thanks");
    assert_string_equal(intent_of("dekuji"), "thanks");
    assert_string_equal(intent_of("DĚKUJI"), "thanks");
    assert_string_equal(intent_of("de\xcc\x8ckuji"), "thanks"); /* a caron of its own */
    assert_string_equal(intent_of("Tschuess"), "farewell");
    assert_string_equal(intent_of("Don\xe2\x80\x99t forget the milk"), "request");
    assert_string_equal(intent_of("dont forget the milk"), "request");
    assert_string_equal(intent_of("👍🏽"), "affirm");
    assert_string_equal(intent_of("+1"), "affirm");
    assert_string_equal(intent_of("¿Dónde está"), "question");
}

static void names_and_symbols_belong_together(void **state)
{
    struct genom_intent intent;
    (void)state;
    genom_intent("hello", 5, &intent);
    assert_int_equal(intent.intent, GENOM_GREETING);
    assert_string_equal(intent.name, "greeting");
    assert_string_equal(intent.symbol, "👋");
    assert_in_range(intent.confidence, 50, 100);
    genom_intent(NULL, 0, &intent);
    assert_int_equal(intent.intent, GENOM_STATEMENT);
    assert_true(intent.confidence < 90);
}

/* --- Any bytes ------------------------------------------------------------------------------ */

/* Texts end where a page ends that nobody may read. */
static void any_bytes_stay_inside(void **state)
{
    static const char *const parts[] = {"hello ", "can you", "\xf0\x9f", "\xc4", "?",    "¿",
                                        "@",      "-",       "+1",       "é",    "\xff", "…",
                                        "don'",   "/",       "ß",        "’",    "\n",   "👋🏽"};
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    char *room = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    (void)state;
    assert_ptr_not_equal(room, MAP_FAILED);
    assert_int_equal(mprotect(room + page, page, PROT_NONE), 0);
    srandom(7);
    for (unsigned round = 0; round < 50000; round++) {
        struct genom_intent intent;
        size_t len = (size_t)random() % (round % 50 ? 60 : page), at = 0;
        char *text = room + page - len;
        while (at < len) {
            const char *part = parts[(size_t)random() % (sizeof parts / sizeof *parts)];
            size_t n = strlen(part) < len - at ? strlen(part) : len - at;
            if (random() % 4)
                memcpy(text + at, part, n);
            else
                text[at + n - 1] = (char)random();
            at += n;
        }
        genom_intent(text, len, &intent);
        assert_in_range(intent.intent, 0, GENOM_INTENTS - 1);
        assert_in_range(intent.confidence, 1, 100);
    }
    munmap(room, 2 * page);
}

static double cpu_seconds(void)
{
    return (double)clock() / CLOCKS_PER_SEC;
}

/* A thousand times ten megabytes, of which only the ends are read. */
static void long_texts_take_no_longer(void **state)
{
    size_t len = 10u << 20;
    char *text = malloc(len);
    struct genom_intent intent;
    (void)state;
    assert_non_null(text);
    memset(text, '?', len);
    for (size_t i = 0; i + 6 <= len; i += 6)
        memcpy(text + i, "could ", 6);
    memcpy(text + len - 30, "Send me the file, please, soon", 30);
    double begun = cpu_seconds();
    for (unsigned round = 0; round < 1000; round++)
        genom_intent(text, len, &intent);
    assert_true(cpu_seconds() - begun < 2);
    assert_int_equal(intent.intent, GENOM_REQUEST);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(most_of_the_set_is_right),
        cmocka_unit_test(the_main_part_decides),
        cmocka_unit_test(spelling_hardly_matters),
        cmocka_unit_test(names_and_symbols_belong_together),
        cmocka_unit_test(any_bytes_stay_inside),
        cmocka_unit_test(long_texts_take_no_longer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
