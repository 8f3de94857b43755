/*
 * term.c: words and their stems (see term.h). The stemmer is M. F. Porter's of 1980, step by step:
 * where several endings of a step fit, the longest decides, and no other one is tried. Like that of
 * FTS5 it leaves words of less than three and more than 64 bytes alone.
 */
#include "ai/index/term.h"

enum { STEM_LEAST = 3, STEM_MOST = 64 };

size_t ai_term_word(struct core_str text, size_t *at, char out[static AI_LIMIT_QUERY_WORD])
{
    size_t len = 0;
    bool overlong = false;
    while (*at < text.len) {
        uint32_t code;
        char utf8[4];
        *at += core_utf8_next(text, *at, &code);
        if (core_utf8_is_word(code)) {
            size_t n = core_utf8_put(core_utf8_lower(code), utf8);
            if (len + n > AI_LIMIT_QUERY_WORD)
                overlong = true;
            else if (!overlong) {
                memcpy(out + len, utf8, n);
                len += n;
            }
        } else if (len > 0) {
            if (!overlong)
                return len;
            len = 0;
            overlong = false;
        }
    }
    return overlong ? 0 : len;
}

/* --- The stemmer ------------------------------------------------------------------------------ */

struct stem {
    char *at;
    size_t len;
};

static bool is_vowel(const struct stem *w, size_t i)
{
    switch (w->at[i]) {
    case 'a':
    case 'e':
    case 'i':
    case 'o':
    case 'u':
        return true;
    case 'y':
        return i > 0 && !is_vowel(w, i - 1);
    default:
        return false;
    }
}

static bool has_vowel(const struct stem *w, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (is_vowel(w, i))
            return true;
    return false;
}

/* How often a consonant follows a vowel in the first len letters. */
static unsigned measure(const struct stem *w, size_t len)
{
    unsigned m = 0;
    for (size_t i = 1; i < len; i++)
        m += is_vowel(w, i - 1) && !is_vowel(w, i);
    return m;
}

/* Two equal consonants, "yy" being such. */
static bool ends_double(const struct stem *w)
{
    char last = w->at[w->len - 1];
    return w->len >= 2 && w->at[w->len - 2] == last && (last == 'y' || !is_vowel(w, w->len - 1));
}

/* Consonant, vowel, consonant at the end, the last none of w, x, y: a short syllable ("hop"). */
static bool ends_short(const struct stem *w, size_t len)
{
    if (len < 3 || is_vowel(w, len - 1) || !is_vowel(w, len - 2) || is_vowel(w, len - 3))
        return false;
    char last = w->at[len - 1];
    return last != 'w' && last != 'x' && last != 'y';
}

struct ending {
    const char *from, *to;
};

static bool ends(const struct stem *w, const char *ending)
{
    size_t n = strlen(ending);
    return w->len > n && memcmp(w->at + w->len - n, ending, n) == 0;
}

/* No replacement is longer than what it replaces, but "at" → "ate" and their like, which come back
 * after "ed" or "ing" went. */
static void replace(struct stem *w, const struct ending *e)
{
    size_t to = strlen(e->to);
    w->len -= strlen(e->from);
    memcpy(w->at + w->len, e->to, to);
    w->len += to;
}

/* The first ending of the list that fits, when the rest of the word measures more than `above`. The
 * list ends with {NULL}; of two endings of which one ends in the other, the longer comes first. */
static void step(struct stem *w, const struct ending *list, unsigned above)
{
    for (; list->from; list++) {
        if (!ends(w, list->from))
            continue;
        if (measure(w, w->len - strlen(list->from)) > above)
            replace(w, list);
        return;
    }
}

static void plural(struct stem *w)
{
    static const struct ending list[] = {
        {"sses", "ss"}, {"ies", "i"}, {"ss", "ss"}, {"s", ""}, {NULL, NULL}};
    for (const struct ending *e = list; e->from; e++) {
        if (ends(w, e->from)) {
            replace(w, e);
            return;
        }
    }
}

static void past(struct stem *w)
{
    static const struct ending back[] = {{"at", "ate"}, {"bl", "ble"}, {"iz", "ize"}, {NULL, NULL}};
    if (ends(w, "eed")) {
        if (measure(w, w->len - 3) > 0)
            w->len--;
        return;
    }
    size_t cut = ends(w, "ed") ? 2 : ends(w, "ing") ? 3 : 0;
    if (cut == 0 || !has_vowel(w, w->len - cut))
        return;
    w->len -= cut;
    for (const struct ending *e = back; e->from; e++) {
        if (ends(w, e->from)) {
            replace(w, e);
            return;
        }
    }
    char last = w->at[w->len - 1];
    if (ends_double(w) && last != 'l' && last != 's' && last != 'z')
        w->len--;
    else if (measure(w, w->len) == 1 && ends_short(w, w->len))
        w->at[w->len++] = 'e';
}

static const struct ending second[] = {
    {"ational", "ate"}, {"tional", "tion"}, {"enci", "ence"},   {"anci", "ance"}, {"izer", "ize"},
    {"logi", "log"},    {"bli", "ble"},     {"alli", "al"},     {"entli", "ent"}, {"eli", "e"},
    {"ousli", "ous"},   {"ization", "ize"}, {"ation", "ate"},   {"ator", "ate"},  {"alism", "al"},
    {"iveness", "ive"}, {"fulness", "ful"}, {"ousness", "ous"}, {"aliti", "al"},  {"iviti", "ive"},
    {"biliti", "ble"},  {NULL, NULL}};
static const struct ending third[] = {{"icate", "ic"}, {"ative", ""},  {"alize", "al"},
                                      {"iciti", "ic"}, {"ical", "ic"}, {"ful", ""},
                                      {"ness", ""},    {NULL, NULL}};
static const struct ending fourth[] = {
    {"al", ""},  {"ance", ""},  {"ence", ""}, {"er", ""},  {"ic", ""},  {"able", ""}, {"ible", ""},
    {"ant", ""}, {"ement", ""}, {"ment", ""}, {"ent", ""}, {"ion", ""}, {"ou", ""},   {"ism", ""},
    {"ate", ""}, {"iti", ""},   {"ous", ""},  {"ive", ""}, {"ize", ""}, {NULL, NULL}};

static void last_letters(struct stem *w)
{
    if (ends(w, "e")) {
        unsigned m = measure(w, w->len - 1);
        if (m > 1 || (m == 1 && !ends_short(w, w->len - 1)))
            w->len--;
    }
    if (w->at[w->len - 1] == 'l' && ends_double(w) && measure(w, w->len - 1) > 1)
        w->len--;
}

static size_t stem(char *word, size_t len)
{
    struct stem w = {word, len};
    plural(&w);
    past(&w);
    if (ends(&w, "y") && has_vowel(&w, w.len - 1))
        w.at[w.len - 1] = 'i';
    step(&w, second, 0);
    step(&w, third, 0);
    /* "ion" goes only where an s or a t is left, and no other ending ends in it. */
    if (!ends(&w, "ion") || ends(&w, "sion") || ends(&w, "tion"))
        step(&w, fourth, 1);
    last_letters(&w);
    return w.len;
}

size_t ai_term_make(char *word, size_t len)
{
    size_t out = 0;
    for (size_t at = 0; at < len;) {
        uint32_t code, plain;
        size_t n = core_utf8_next(core_strn(word, len), at, &code);
        plain = core_utf8_plain(code);
        if (plain == code) {
            memmove(word + out, word + at, n);
            out += n;
        } else if (plain) {
            word[out++] = (char)plain;
        }
        at += n;
    }
    return out >= STEM_LEAST && out <= STEM_MOST ? stem(word, out) : out;
}
