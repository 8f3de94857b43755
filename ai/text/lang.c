/*
 * lang.c: each stop word votes for the languages it belongs to (a whole vote when it belongs to one
 * only), each letter that only one language writes adds to it. The highest sum wins, the first of
 * the list among equals: English.
 */
#include "ai/text/lang.h"

#include "ai/text/text.h"
#include "core/limits.h"
#include "genom/genom.h"

#include <math.h>
#include <string.h>

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

static void vote(struct core_str text, struct votes *v)
{
    struct ai_words words;
    struct ai_word word;
    ai_words_init(&words, text);
    while (ai_words_next(&words, &word))
        vote_word(v, core_strn(text.ptr + word.start, word.end - word.start), word.folded);
    /* "¿" and "¡" belong to no word. */
    if (core_str_find(text, CORE_STR("\u00BF")) >= 0 ||
        core_str_find(text, CORE_STR("\u00A1")) >= 0)
        v->of[AI_LANG_ES] += 1;
}

static enum ai_lang outcome(const struct votes *v)
{
    if (v->foreign * 2 > v->letters) /* another script */
        return AI_LANG_OTHER;
    unsigned best = AI_LANG_EN;
    for (unsigned i = 1; i < LANGS; i++)
        best = v->of[i] > v->of[best] ? i : best;
    if (v->of[best] == 0)
        return v->foreign ? AI_LANG_OTHER : AI_LANG_EN;
    return (enum ai_lang)best;
}

enum ai_lang ai_lang_guess(struct core_str text)
{
    struct votes v = {0};
    vote(core_strn(text.ptr, core_utf8_cut(text, AI_LIMIT_LANG_SAMPLE)), &v);
    return outcome(&v);
}

/* --- By the dictionary's words ---------------------------------------------------------------- */

/* A doubling of how frequent a word is counts one; a whole vote as much as a frequent word. English
 * has a little more than its words say: they are borrowed everywhere. */
enum { RANK_BITS = 17, VOTE = 20, BORROWED = 1 };

static int frequency(const struct genom_dict *dict, unsigned language, uint32_t id)
{
    uint32_t rank = id == GENOM_NONE ? GENOM_NONE : genom_rank(dict, language, id);
    int bits = 0;
    if (rank == GENOM_NONE)
        return 0;
    for (uint32_t r = rank | 1; r; r >>= 1)
        bits++;
    return RANK_BITS - bits;
}

static void add_frequencies(const struct genom_dict *dict, struct core_str text,
                            int sums[static LANGS])
{
    struct ai_words words;
    struct ai_word word;
    enum ai_lang lang;
    const char *code;
    for (unsigned n = 0; (code = genom_dict_language(dict, n)); n++) {
        if ((lang = ai_lang_parse(core_str(code))) == AI_LANG_OTHER)
            continue;
        ai_words_init(&words, text);
        while (ai_words_next(&words, &word))
            sums[lang] += frequency(dict, n,
                                    genom_find(dict, text.ptr + word.start, word.end - word.start));
    }
}

float ai_lang_rarity(const struct genom_dict *dict, enum ai_lang lang, struct core_str word)
{
    const char *code;
    unsigned n = 0;
    while (dict && (code = genom_dict_language(dict, n)) && strcmp(code, ai_lang_code(lang)))
        n++;
    if (!dict || !code)
        return 1;
    uint32_t rank = genom_rank(dict, n, genom_find(dict, word.ptr, word.len));
    if (rank == GENOM_NONE)
        return 1;
    float rare = logf((float)(rank + 1) / AI_RANK_COMMON) / logf(AI_RANK_RARE / AI_RANK_COMMON);
    return AI_RARITY_LEAST + (1 - AI_RARITY_LEAST) * fminf(fmaxf(rare, 0), 1);
}

enum ai_lang ai_lang_of_words(const struct genom_dict *dict, struct core_str text)
{
    struct votes v = {0};
    int sums[LANGS] = {0};
    text.len = core_utf8_cut(text, AI_LIMIT_LANG_SAMPLE);
    vote(text, &v);
    enum ai_lang lang = outcome(&v);
    bool other = lang == AI_LANG_OTHER;
    if (!dict || (other && (v.of[lang] > 0 || v.foreign * 2 > v.letters)))
        return lang;
    add_frequencies(dict, text, sums);
    /* Letters that it does not write rule English out. */
    double most = other ? 0 : VOTE * v.of[AI_LANG_EN] + sums[AI_LANG_EN] + BORROWED;
    lang = other ? AI_LANG_OTHER : AI_LANG_EN;
    for (unsigned i = 1; i < AI_LANG_OTHER; i++) {
        double all = VOTE * v.of[i] + sums[i];
        if (all > most) {
            lang = (enum ai_lang)i;
            most = all;
        }
    }
    return lang;
}
