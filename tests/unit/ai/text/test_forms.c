/* test_forms.c: forms that no common beginning joins. */
#include "ai/text/forms.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static bool has(enum ai_lang lang, const char *word, const char *form)
{
    struct core_pool *pool = core_pool_new(1 << 12);
    struct core_str forms[AI_WORD_FORMS];
    size_t count = ai_word_forms(pool, core_str(word), lang, forms);
    bool found = false;
    assert_true(count <= AI_WORD_FORMS);
    for (size_t i = 0; i < count; i++) {
        assert_false(core_str_eq_c(forms[i], word));
        found |= core_str_eq_c(forms[i], form);
    }
    core_pool_free(pool);
    return found;
}

static void words_have_their_forms(void **state)
{
    static const struct {
        enum ai_lang lang;
        const char *word, *form;
        bool is;
    } forms[] = {
        {AI_LANG_EN, "wear", "worn", true},
        {AI_LANG_EN, "worn", "wear", true},
        {AI_LANG_EN, "bought", "buy", true},
        {AI_LANG_EN, "people", "person", true},
        {AI_LANG_EN, "leave", "left", true},
        {AI_LANG_EN, "left", "leave", false}, /* asked about, it is mostly something else */
        {AI_LANG_EN, "led", "lead", false},
        {AI_LANG_EN, "house", "houses", false}, /* has a common beginning */
        {AI_LANG_EN, "price", "cost", true},
        {AI_LANG_EN, "buy", "purchase", true},
        {AI_LANG_EN, "buy", "bought", true},
        {AI_LANG_DE, "wear", "worn", false},
        {AI_LANG_DE, "kaufen", "gekauft", true},
        {AI_LANG_DE, "gekauft", "kaufen", true},
        {AI_LANG_DE, "abholen", "abgeholt", true},
        {AI_LANG_DE, "abgeholt", "abholen", true},
        {AI_LANG_DE, "vermieten", "vermietet", false}, /* has a common beginning */
        {AI_LANG_DE, "arbeiten", "gearbeitet", true},
        {AI_LANG_DE, "gearbeitet", "arbeiten", true},
        {AI_LANG_DE, "rufen", "gerufen", true},
        {AI_LANG_DE, "anrufen", "angerufen", true},
        {AI_LANG_DE, "angerufen", "anrufen", true},
        {AI_LANG_DE, "verschlossen", "verschliessen", true},
        {AI_LANG_DE, "verschliessen", "verschlossen", true},
        {AI_LANG_DE, "zuruckgeben", "zuruckgegeben", true},
        {AI_LANG_DE, "spricht", "gesprochen", true},
        {AI_LANG_DE, "kaufen", "erwerben", true},
        {AI_LANG_DE, "grosse", "große", true}, /* as the index has it */
        {AI_LANG_DE, "geschlossen", "schließen", true},
        {AI_LANG_EN, "grosse", "große", false},
        {AI_LANG_CS, "cip", "cipu", true}, /* too short for a common beginning */
        {AI_LANG_CS, "cipu", "cip", true},
        {AI_LANG_CS, "nova", "novu", true},
        {AI_LANG_CS, "nohy", "noha", true},
        {AI_LANG_DE, "mull", "abfall", true},
        {AI_LANG_DE, "putzt", "geputzt", true},
        {AI_LANG_CS, "palit", "paleni", true},
        {AI_LANG_CS, "paleni", "palit", true},
        {AI_LANG_CS, "odpracovat", "odpracuje", true},
        {AI_LANG_CS, "byt", "beni", false}, /* too short for a verb of a class */
        {AI_LANG_EN, "keep", "store", true},
        {AI_LANG_EN, "forbidden", "allowed", true},
        {AI_LANG_EN, "allowed", "forbidden", false},
        {AI_LANG_CS, "najem", "najmu", true},
        {AI_LANG_CS, "tyden", "tydne", true},
        {AI_LANG_CS, "pes", "psa", true},
        {AI_LANG_CS, "dite", "deti", true},
        {AI_LANG_CS, "zaruka", "garance", true},
        {AI_LANG_CS, "klient", "klintu", false},
        {AI_LANG_OTHER, "najem", "najmu", false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
        if (has(forms[i].lang, forms[i].word, forms[i].form) != forms[i].is)
            fail_msg("%s, %s: %d", forms[i].word, forms[i].form, !forms[i].is);
}

/* Nothing of a length that a word cannot have. */
static void ends(void **state)
{
    char word[64];
    (void)state;
    for (size_t i = 0; i < sizeof word; i++)
        word[i] = "abge"[i % 4];
    for (size_t len = 0; len <= sizeof word; len++)
        for (unsigned lang = 0; lang <= AI_LANG_OTHER; lang++) {
            struct core_pool *pool = core_pool_new(1 << 12);
            struct core_str forms[AI_WORD_FORMS];
            size_t count = ai_word_forms(pool, core_strn(word, len), (enum ai_lang)lang, forms);
            for (size_t i = 0; i < count; i++)
                assert_in_range(forms[i].len, 1, 64);
            core_pool_free(pool);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_have_their_forms),
        cmocka_unit_test(ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
