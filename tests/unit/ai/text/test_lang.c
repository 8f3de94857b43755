/* test_lang.c: languages of short questions and of texts. */
#include "ai/text/lang.h"

#include "core/limits.h"
#include "genom/genom.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static void test_guess(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum ai_lang lang;
    } samples[] = {
        {"How do I list installed packages?", AI_LANG_EN},
        {"apt update", AI_LANG_EN},
        {"", AI_LANG_EN},
        {"Which port does the server use", AI_LANG_EN},
        {"Jak vypíšu nainstalované balíčky?", AI_LANG_CS},
        {"kde je ulozena konfigurace", AI_LANG_CS},
        {"Co je to jádro?", AI_LANG_CS},
        {"Wie lange ist das Passwort gültig?", AI_LANG_DE},
        {"Welche Datei muss ich ändern", AI_LANG_DE},
        {"Wo liegt die Konfiguration?", AI_LANG_DE},
        {"¿Cómo instalo un paquete?", AI_LANG_ES},
        {"donde esta el archivo de configuracion", AI_LANG_ES},
        {"Comment installer un paquet avec les dépendances dans le système ?", AI_LANG_OTHER},
        {"Как установить пакет?", AI_LANG_OTHER},
        {"パッケージをインストールする", AI_LANG_OTHER},
        {"Gdzie jest plik konfiguracyjny i jak go zmienić?", AI_LANG_OTHER},
    };
    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
        if (ai_lang_guess(core_str(samples[i].text)) != samples[i].lang)
            fail_msg("%s: %s", samples[i].text,
                     ai_lang_code(ai_lang_guess(core_str(samples[i].text))));
    }
    ai_lang_guess(CORE_STR("\xff\xfe\x00\xc3"));
}

/* What people type who look for something: no function word tells. */
static void test_words(void **state)
{
    (void)state;
    struct genom_dict *dict = NULL;
    char path[4096];
    snprintf(path, sizeof path, "%s/genom/genom.dict", getenv("SKY_DEPS"));
    assert_int_equal(genom_dict_open(path, &dict), 0);
    static const struct {
        const char *text;
        enum ai_lang lang;
    } samples[] = {
        {"Kaution Wohnung", AI_LANG_DE},
        {"Miete 2023", AI_LANG_DE},
        {"Drucker Passwort", AI_LANG_DE},
        {"nájemní smlouva", AI_LANG_CS},
        {"cena předplatného", AI_LANG_CS},
        {"contrato alquiler", AI_LANG_ES},
        {"notice period flat", AI_LANG_EN},
        {"printer password", AI_LANG_EN},
        {"dishwasher E24", AI_LANG_EN},
        {"apt update", AI_LANG_EN},
        {"rsyncd.conf", AI_LANG_EN},
        {"resume PDF export", AI_LANG_EN},
        {"", AI_LANG_EN},
        {"bezdrátová ssh", AI_LANG_CS},
        /* One word that is German, among many that are not. */
        {"Turn on a recycle bin for deleted files on a Samba share", AI_LANG_EN},
        {"Wie starte ich einen Container mit Podman ohne Root", AI_LANG_DE},
        {"Как установить пакет?", AI_LANG_OTHER},
        {"Gdzie jest plik konfiguracyjny i jak go zmienić?", AI_LANG_OTHER},
    };
    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
        enum ai_lang lang = ai_lang_of_words(dict, core_str(samples[i].text));
        if (lang != samples[i].lang)
            fail_msg("%s: %s", samples[i].text, ai_lang_code(lang));
    }
    ai_lang_of_words(dict, CORE_STR("\xff\xfe\x00\xc3"));
    assert_int_equal(ai_lang_of_words(NULL, CORE_STR("Kaution Wohnung")), AI_LANG_EN);
    assert_true(ai_lang_rarity(dict, AI_LANG_EN, CORE_STR("people")) == AI_RARITY_LEAST);
    float heavy = ai_lang_rarity(dict, AI_LANG_EN, CORE_STR("heavy"));
    assert_true(heavy > AI_RARITY_LEAST && heavy < 1);
    assert_true(ai_lang_rarity(dict, AI_LANG_DE, CORE_STR("Arbeit")) < .6f);
    assert_true(ai_lang_rarity(dict, AI_LANG_CS, CORE_STR("škola")) < .9f);
    assert_true(ai_lang_rarity(dict, AI_LANG_CS, CORE_STR("people")) == 1);
    assert_true(ai_lang_rarity(dict, AI_LANG_EN, CORE_STR("E31")) == 1);
    assert_true(ai_lang_rarity(dict, AI_LANG_OTHER, CORE_STR("people")) == 1);
    assert_true(ai_lang_rarity(NULL, AI_LANG_EN, CORE_STR("people")) == 1);
    genom_dict_close(dict);
}

static void test_codes(void **state)
{
    (void)state;
    for (int i = AI_LANG_EN; i <= AI_LANG_OTHER; i++)
        assert_int_equal(ai_lang_parse(core_str(ai_lang_code((enum ai_lang)i))), i);
    assert_int_equal(ai_lang_parse(CORE_STR("xx")), AI_LANG_OTHER);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_guess), cmocka_unit_test(test_words),
                                       cmocka_unit_test(test_codes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
