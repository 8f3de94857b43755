/* talk.c: small talk by list, so that a greeting needs neither documents nor a model. */
#include "ai/question/talk.h"

#include "ai/text/text.h"
#include "core/limits.h"

/* Folded words of the whole message. */
static const struct {
    const char *words;
    enum ai_talk talk;
    enum ai_lang lang;
} messages[] = {
    {"hi", AI_TALK_GREETING, AI_LANG_EN},
    {"hi there", AI_TALK_GREETING, AI_LANG_EN},
    {"hello", AI_TALK_GREETING, AI_LANG_EN},
    {"hello there", AI_TALK_GREETING, AI_LANG_EN},
    {"hello world", AI_TALK_GREETING, AI_LANG_EN},
    {"hello sky", AI_TALK_GREETING, AI_LANG_EN},
    {"hi sky", AI_TALK_GREETING, AI_LANG_EN},
    {"hey", AI_TALK_GREETING, AI_LANG_EN},
    {"hey there", AI_TALK_GREETING, AI_LANG_EN},
    {"good morning", AI_TALK_GREETING, AI_LANG_EN},
    {"good afternoon", AI_TALK_GREETING, AI_LANG_EN},
    {"good evening", AI_TALK_GREETING, AI_LANG_EN},
    {"how are you", AI_TALK_GREETING, AI_LANG_EN},
    {"hello how are you", AI_TALK_GREETING, AI_LANG_EN},
    {"hi how are you", AI_TALK_GREETING, AI_LANG_EN},
    {"thanks", AI_TALK_THANKS, AI_LANG_EN},
    {"thanks a lot", AI_TALK_THANKS, AI_LANG_EN},
    {"thank you", AI_TALK_THANKS, AI_LANG_EN},
    {"thank you very much", AI_TALK_THANKS, AI_LANG_EN},
    {"who are you", AI_TALK_ABOUT, AI_LANG_EN},
    {"what are you", AI_TALK_ABOUT, AI_LANG_EN},
    {"what can you do", AI_TALK_ABOUT, AI_LANG_EN},
    {"how can you help me", AI_TALK_ABOUT, AI_LANG_EN},
    {"help", AI_TALK_ABOUT, AI_LANG_EN},
    {"bye", AI_TALK_LEAVE, AI_LANG_EN},
    {"bye bye", AI_TALK_LEAVE, AI_LANG_EN},
    {"goodbye", AI_TALK_LEAVE, AI_LANG_EN},
    {"good bye", AI_TALK_LEAVE, AI_LANG_EN},
    {"see you", AI_TALK_LEAVE, AI_LANG_EN},
    {"good night", AI_TALK_LEAVE, AI_LANG_EN},
    {"ahoj", AI_TALK_GREETING, AI_LANG_CS},
    {"cau", AI_TALK_GREETING, AI_LANG_CS},
    {"dobry den", AI_TALK_GREETING, AI_LANG_CS},
    {"dobre rano", AI_TALK_GREETING, AI_LANG_CS},
    {"dobry vecer", AI_TALK_GREETING, AI_LANG_CS},
    {"jak se mas", AI_TALK_GREETING, AI_LANG_CS},
    {"ahoj jak se mas", AI_TALK_GREETING, AI_LANG_CS},
    {"dekuji", AI_TALK_THANKS, AI_LANG_CS},
    {"diky", AI_TALK_THANKS, AI_LANG_CS},
    {"kdo jsi", AI_TALK_ABOUT, AI_LANG_CS},
    {"co umis", AI_TALK_ABOUT, AI_LANG_CS},
    {"pomoc", AI_TALK_ABOUT, AI_LANG_CS},
    {"na shledanou", AI_TALK_LEAVE, AI_LANG_CS},
    {"nashledanou", AI_TALK_LEAVE, AI_LANG_CS},
    {"dobrou noc", AI_TALK_LEAVE, AI_LANG_CS},
    {"sbohem", AI_TALK_LEAVE, AI_LANG_CS},
    {"hallo", AI_TALK_GREETING, AI_LANG_DE},
    {"guten tag", AI_TALK_GREETING, AI_LANG_DE},
    {"guten morgen", AI_TALK_GREETING, AI_LANG_DE},
    {"guten abend", AI_TALK_GREETING, AI_LANG_DE},
    {"wie geht es dir", AI_TALK_GREETING, AI_LANG_DE},
    {"danke", AI_TALK_THANKS, AI_LANG_DE},
    {"vielen dank", AI_TALK_THANKS, AI_LANG_DE},
    {"wer bist du", AI_TALK_ABOUT, AI_LANG_DE},
    {"was kannst du", AI_TALK_ABOUT, AI_LANG_DE},
    {"hilfe", AI_TALK_ABOUT, AI_LANG_DE},
    {"tschuss", AI_TALK_LEAVE, AI_LANG_DE},
    {"tschuess", AI_TALK_LEAVE, AI_LANG_DE},
    {"auf wiedersehen", AI_TALK_LEAVE, AI_LANG_DE},
    {"gute nacht", AI_TALK_LEAVE, AI_LANG_DE},
};

enum ai_talk ai_talk_recognise(struct core_str message, enum ai_lang *ret_lang)
{
    char line[64];
    size_t n = 0;
    struct ai_words words;
    struct ai_word w;
    if (message.len > AI_LIMIT_SMALL_TALK)
        return AI_TALK_NONE;
    ai_words_init(&words, message);
    while (ai_words_next(&words, &w)) {
        if (n + w.folded.len + 1 > sizeof line)
            return AI_TALK_NONE;
        if (n)
            line[n++] = ' ';
        memcpy(line + n, w.folded.ptr, w.folded.len);
        n += w.folded.len;
    }
    for (size_t i = 0; i < sizeof messages / sizeof *messages; i++) {
        if (!core_str_eq_c(core_strn(line, n), messages[i].words))
            continue;
        *ret_lang = messages[i].lang;
        return messages[i].talk;
    }
    return AI_TALK_NONE;
}

/* By enum ai_talk and language. */
static const char *const texts[][3] = {
    [AI_TALK_GREETING] =
        {"Hello! I answer questions from your own documents and show where the answer stands.",
         "Dobrý den! Odpovídám na otázky z vašich dokumentů a ukazuji, kde odpověď stojí.",
         "Hallo! Ich beantworte Fragen aus Ihren Dokumenten und zeige, wo die Antwort steht."},
    [AI_TALK_THANKS] = {"You are welcome.", "Není zač.", "Gern geschehen."},
    [AI_TALK_ABOUT] =
        {"I am sky. I answer questions from the documents you gave me, with sources; teach me more "
         "with `sky learn` or by dropping a file on the page.",
         "Jsem sky. Odpovídám na otázky z dokumentů, které jste mi dali, i se zdroji; další mě "
         "naučíte příkazem `sky learn` nebo přetažením souboru na stránku.",
         "Ich bin sky. Ich beantworte Fragen aus den Dokumenten, die Sie mir gegeben haben, mit "
         "Quellen; weitere lerne ich mit `sky learn` oder wenn Sie eine Datei auf die Seite ziehen."},
    [AI_TALK_LEAVE] = {"Goodbye.", "Na shledanou.", "Auf Wiedersehen."},
    [AI_TALK_REFUSAL] = {"Your documents do not answer this.", "Vaše dokumenty na to neodpovídají.",
                         "Ihre Dokumente beantworten das nicht."},
    [AI_TALK_EMPTY] =
        {"I have not learned any documents yet. Use `sky learn PATH` or drop a file on the page.",
         "Zatím jsem se žádné dokumenty nenaučil. Použijte `sky learn CESTA` nebo přetáhněte soubor "
         "na stránku.",
         "Ich habe noch keine Dokumente gelernt. Verwenden Sie `sky learn PFAD` oder ziehen Sie "
         "eine Datei auf die Seite."},
    [AI_TALK_LEVEL] = {"There is no stored answer, and higher levels are switched off.",
                       "Uložená odpověď není a vyšší úrovně jsou vypnuté.",
                       "Es gibt keine gespeicherte Antwort, und höhere Stufen sind abgeschaltet."},
};

struct core_str ai_talk_text(enum ai_talk talk, enum ai_lang lang)
{
    unsigned column = lang == AI_LANG_CS ? 1 : lang == AI_LANG_DE ? 2 : 0;
    return core_str(texts[talk][column]);
}
