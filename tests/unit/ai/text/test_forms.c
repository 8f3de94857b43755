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

static void english(void **state)
{
    (void)state;
    assert_true(has(AI_LANG_EN, "wear", "worn"));
    assert_true(has(AI_LANG_EN, "worn", "wear"));
    assert_true(has(AI_LANG_EN, "bought", "buy"));
    assert_true(has(AI_LANG_EN, "people", "person"));
    /* Asked about, it is mostly something else. */
    assert_true(has(AI_LANG_EN, "leave", "left"));
    assert_false(has(AI_LANG_EN, "left", "leave"));
    assert_false(has(AI_LANG_EN, "led", "lead"));
    assert_false(has(AI_LANG_EN, "house", "houses")); /* has a common beginning */
    assert_true(has(AI_LANG_EN, "price", "cost"));
    assert_true(has(AI_LANG_EN, "buy", "purchase") && has(AI_LANG_EN, "buy", "bought"));
    assert_false(has(AI_LANG_DE, "wear", "worn"));
}

static void german(void **state)
{
    (void)state;
    assert_true(has(AI_LANG_DE, "kaufen", "gekauft"));
    assert_true(has(AI_LANG_DE, "gekauft", "kaufen"));
    assert_true(has(AI_LANG_DE, "abholen", "abgeholt"));
    assert_true(has(AI_LANG_DE, "abgeholt", "abholen"));
    assert_false(has(AI_LANG_DE, "vermieten", "vermietet")); /* has a common beginning */
    assert_true(has(AI_LANG_DE, "arbeiten", "gearbeitet"));
    assert_true(has(AI_LANG_DE, "gearbeitet", "arbeiten"));
    assert_true(has(AI_LANG_DE, "rufen", "gerufen"));
    assert_true(has(AI_LANG_DE, "anrufen", "angerufen"));
    assert_true(has(AI_LANG_DE, "angerufen", "anrufen"));
    assert_true(has(AI_LANG_DE, "verschlossen", "verschliessen"));
    assert_true(has(AI_LANG_DE, "verschliessen", "verschlossen"));
    assert_true(has(AI_LANG_DE, "zuruckgeben", "zuruckgegeben"));
    assert_true(has(AI_LANG_DE, "spricht", "gesprochen"));
    assert_true(has(AI_LANG_DE, "kaufen", "erwerben"));
    assert_true(has(AI_LANG_DE, "mull", "abfall"));
}

static void czech(void **state)
{
    (void)state;
    assert_true(has(AI_LANG_CS, "najem", "najmu"));
    assert_true(has(AI_LANG_CS, "tyden", "tydne"));
    assert_true(has(AI_LANG_CS, "pes", "psa"));
    assert_true(has(AI_LANG_CS, "dite", "deti"));
    assert_true(has(AI_LANG_CS, "zaruka", "garance"));
    assert_false(has(AI_LANG_CS, "klient", "klintu"));
    assert_false(has(AI_LANG_OTHER, "najem", "najmu"));
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
        cmocka_unit_test(english),
        cmocka_unit_test(german),
        cmocka_unit_test(czech),
        cmocka_unit_test(ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
