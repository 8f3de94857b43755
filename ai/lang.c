/*
 * lang.c: each stop word votes for the languages it belongs to (a whole vote when it belongs to one
 * only), each letter that only one language writes adds to it. The highest sum wins; ties and
 * near-ties go to English when the text is plain ASCII.
 */
#include "ai/lang.h"

#include "ai/text.h"
#include "core/limits.h"

#define LANGS (AI_LANG_OTHER + 1)

static const char *const codes[LANGS] = {"en", "cs", "de", "es", "other"};

const char *ai_lang_code(enum ai_lang lang)
{
    return (unsigned)lang < LANGS ? codes[lang] : codes[AI_LANG_OTHER];
}

enum ai_lang ai_lang_parse(struct core_str code)
{
    for (unsigned i = 0; i < LANGS; i++) {
        if (core_str_eq_c(code, codes[i]))
            return (enum ai_lang)i;
    }
    return AI_LANG_OTHER;
}

struct votes {
    double of[LANGS];
    double evidence;  /* votes in all */
    unsigned foreign; /* letters beyond ASCII */
    unsigned letters;
};

/* Letters that tell languages apart. */
static void vote_letter(struct votes *v, uint32_t c)
{
    static const struct {
        uint32_t code;
        enum ai_lang lang;
    } telling[] = {{0x11B, AI_LANG_CS},    {0x159, AI_LANG_CS},    {0x16F, AI_LANG_CS},
                   {0x10D, AI_LANG_CS},    {0x161, AI_LANG_CS},    {0x17E, AI_LANG_CS},
                   {0x165, AI_LANG_CS},    {0x10F, AI_LANG_CS},    {0x148, AI_LANG_CS},
                   {0xE4, AI_LANG_DE},     {0xF6, AI_LANG_DE},     {0xFC, AI_LANG_DE},
                   {0xDF, AI_LANG_DE},     {0xF1, AI_LANG_ES},     {0xE5, AI_LANG_OTHER},
                   {0xE7, AI_LANG_OTHER},  {0xE8, AI_LANG_OTHER},  {0xEA, AI_LANG_OTHER},
                   {0xE3, AI_LANG_OTHER},  {0xF5, AI_LANG_OTHER},  {0xF8, AI_LANG_OTHER},
                   {0x142, AI_LANG_OTHER}, {0x119, AI_LANG_OTHER}, {0x105, AI_LANG_OTHER},
                   {0x13E, AI_LANG_OTHER}, {0x155, AI_LANG_OTHER}};
    for (size_t i = 0; i < sizeof telling / sizeof *telling; i++) {
        if (telling[i].code == c) {
            v->of[telling[i].lang] += .5;
            v->evidence += .5;
            return;
        }
    }
}

static void vote_word(struct votes *v, struct core_str raw, struct core_str folded)
{
    unsigned langs = ai_stop_langs(folded);
    if (langs) {
        double vote = 1.0 / (1 << (2 * (__builtin_popcount(langs) - 1)));
        for (unsigned i = 0; i < LANGS; i++)
            v->of[i] += langs & AI_STOP_LANG(i) ? vote : 0;
        v->evidence += vote;
    }
    for (size_t at = 0; at < raw.len;) {
        uint32_t c;
        at += core_utf8_next(raw, at, &c);
        v->letters++;
        if (c >= 0x80 && c != 0x2019) {
            v->foreign++;
            if (c < 0x250)
                vote_letter(v, core_utf8_lower(c));
        }
    }
}

enum ai_lang ai_lang_guess(struct core_str text)
{
    struct votes v = {0};
    struct ai_words words;
    struct ai_word word;
    text.len = core_utf8_cut(text, AI_LIMIT_LANG_SAMPLE);
    ai_words_init(&words, text);
    while (ai_words_next(&words, &word))
        vote_word(&v, core_strn(text.ptr + word.start, word.end - word.start), word.folded);
    /* "¿" and "¡" belong to no word. */
    if (core_str_find(text, CORE_STR("\u00BF")) >= 0 ||
        core_str_find(text, CORE_STR("\u00A1")) >= 0)
        v.of[AI_LANG_ES] += 1;
    if (v.foreign * 2 > v.letters) /* another script */
        return AI_LANG_OTHER;
    unsigned best = AI_LANG_EN;
    for (unsigned i = 1; i < LANGS; i++)
        best = v.of[i] > v.of[best] ? i : best;
    if (v.of[best] == 0)
        return v.foreign ? AI_LANG_OTHER : AI_LANG_EN;
    return (enum ai_lang)best;
}
