/*
 * forms.c: lists of irregular words and of words for the same thing, and rules for German
 * participles and for the e of Czech nouns that comes and goes.
 */
#include "ai/text/forms.h"

#include "ai/text/forms_words.h"
#include "ai/text/text.h"

#include <string.h>

struct forms {
    struct core_pool *pool;
    struct core_str *at;
    size_t count;
};

static void add(struct forms *f, struct core_str first, struct core_str middle, const char *last)
{
    char form[3 * AI_WORD_MAX];
    size_t end = strlen(last), len = first.len + middle.len + end;
    if (f->count == AI_WORD_FORMS || len > AI_WORD_MAX)
        return;
    memcpy(form, first.ptr, first.len);
    memcpy(form + first.len, middle.ptr, middle.len);
    memcpy(form + first.len + middle.len, last, end);
    struct core_str copy = core_pool_str(f->pool, core_strn(form, len));
    if (copy.ptr)
        f->at[f->count++] = copy;
}

/* The next word of a row; *only: it is only looked for. */
static bool next(struct core_str *row, struct core_str *ret, bool *only)
{
    if (!core_str_split(row, ' ', ret))
        return false;
    *only = *only || ret->ptr[0] == '>';
    if (ret->ptr[0] == '>')
        *ret = core_strn(ret->ptr + 1, ret->len - 1);
    return true;
}

/* The row that has the word, or nothing. */
static struct core_str row_of(const char *const *rows, struct core_str word)
{
    for (; *rows; rows++) {
        struct core_str row = core_str(*rows), form;
        bool only = false;
        while (next(&row, &form, &only) && !only)
            if (core_str_eq(form, word))
                return core_str(*rows);
    }
    return CORE_STR("");
}

/* The other words of a row, behind a prefix; `bare`: their "ge" goes. */
static void add_row(struct forms *f, struct core_str row, struct core_str word,
                    struct core_str prefix, bool bare)
{
    struct core_str form;
    bool only = false;
    while (row.len > 0 && next(&row, &form, &only)) {
        bool same = core_str_eq(form, word);
        if (bare && core_str_starts(form, CORE_STR("ge")) && form.len > 6)
            form = core_strn(form.ptr + 2, form.len - 2);
        if (!same)
            add(f, prefix, form, "");
    }
}

static void add_same(struct forms *f, const char *const *rows, struct core_str word)
{
    add_row(f, row_of(rows, word), word, CORE_STR(""), false);
}

/* --- German --------------------------------------------------------------------------------- */

/* What stands before a verb. A participle has its "ge" behind it ("abgeholt"), or, bare, none
 * ("verschlossen"). */
static const struct prefix {
    const char *text;
    bool bare;
} prefixes[] = {
    {"", false},    {"ab", false},    {"an", false},  {"auf", false},    {"aus", false},
    {"bei", false}, {"durch", false}, {"ein", false}, {"fest", false},   {"her", false},
    {"hin", false}, {"los", false},   {"mit", false}, {"nach", false},   {"um", false},
    {"vor", false}, {"weg", false},   {"zu", false},  {"zuruck", false}, {"zusammen", false},
    {"be", true},   {"ent", true},    {"er", true},   {"ver", true},     {"zer", true},
};

/* "kaufen" ↔ "gekauft", "abholen" ↔ "abgeholt"; "putzt" → "geputzt". */
static void add_weak(struct forms *f, struct core_str prefix, struct core_str rest)
{
    char participle[AI_WORD_MAX + 1];
    if (rest.len > 4 && core_str_ends(rest, CORE_STR("en"))) {
        size_t n = rest.len - 2;
        bool dental = rest.ptr[n - 1] == 't' || rest.ptr[n - 1] == 'd';
        memcpy(participle, "ge", 2);
        memcpy(participle + 2, rest.ptr, n);
        add(f, prefix, core_strn(participle, n + 2), dental ? "et" : "t");
    } else if (rest.len > 5 && core_str_starts(rest, CORE_STR("ge")) &&
               core_str_ends(rest, CORE_STR("t"))) {
        size_t end = rest.len - (core_str_ends(rest, CORE_STR("tet")) ? 2 : 1);
        add(f, prefix, core_strn(rest.ptr + 2, end - 2), "en");
    } else if (rest.len > 4 && rest.len + 2 <= AI_WORD_MAX && core_str_ends(rest, CORE_STR("t"))) {
        memcpy(participle, "ge", 2);
        memcpy(participle + 2, rest.ptr, rest.len);
        add(f, prefix, core_strn(participle, rest.len + 2), "");
    }
}

/* Of a verb of the list, behind the prefix; false: it is none. */
static bool add_strong(struct forms *f, struct core_str word, const struct prefix *prefix)
{
    struct core_str before = core_str(prefix->text);
    struct core_str rest = core_strn(word.ptr + before.len, word.len - before.len);
    struct core_str row = row_of(ai__forms_de, rest);
    char whole[AI_WORD_MAX] = "ge";
    if (prefix->bare && !row.len && rest.len <= sizeof whole - 2) {
        memcpy(whole + 2, rest.ptr, rest.len);
        rest = core_strn(whole, rest.len + 2);
        row = row_of(ai__forms_de, rest);
    }
    add_row(f, row, rest, before, prefix->bare);
    return row.len > 0;
}

static void german_forms(struct forms *f, struct core_str word)
{
    struct core_str longest = CORE_STR("");
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++) {
        struct core_str text = core_str(prefixes[i].text);
        if (!core_str_starts(word, text))
            continue;
        if (add_strong(f, word, &prefixes[i]))
            return;
        if (!prefixes[i].bare && text.len > longest.len)
            longest = text;
    }
    add_weak(f, longest, core_strn(word.ptr + longest.len, word.len - longest.len));
    if (longest.len)
        add_weak(f, CORE_STR(""), word);
}

/* The index has "Größe" as it is written, a folded word "grosse". */
static void add_sharp(struct forms *f, struct core_str word)
{
    ssize_t at = core_str_find(word, CORE_STR("ss"));
    char form[AI_WORD_MAX + 1];
    if (at < 0)
        return;
    size_t behind = (size_t)at + 2;
    memcpy(form, word.ptr, word.len);
    memcpy(form + at, "ß", 2);
    add(f, core_strn(form, behind), core_strn(word.ptr + behind, word.len - behind), "");
}

/* --- Czech ---------------------------------------------------------------------------------- */

static bool is_consonant(char c)
{
    return c >= 'a' && c <= 'z' && !strchr("aeiouy", c);
}

/* "pálit", "pálení"; "čekat", "čekání"; "odpracovat", "odpracuje". */
static void czech_verbs(struct forms *f, struct core_str word)
{
    static const struct {
        const char *ending, *other;
    } verbs[] = {{"ovat", "uje"}, {"ovat", "uji"}, {"uje", "ovat"}, {"it", "eni"},   {"eni", "it"},
                 {"at", "ani"},   {"ani", "at"},   {"et", "eni"},   {"nout", "nuti"}};
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        if (word.len > strlen(verbs[i].ending) + 2 &&
            core_str_ends(word, core_str(verbs[i].ending)))
            add(f, core_strn(word.ptr, word.len - strlen(verbs[i].ending)), CORE_STR(""),
                verbs[i].other);
}

/* "čip", "čipu"; "byt", "bytě": too short to be told by their beginning. */
static void czech_short(struct forms *f, struct core_str word)
{
    static const char *const endings[] = {"u", "y", "e", "a", "em"};
    bool bare = word.len == 3, ends = word.len == 4 && strchr("uyea", word.ptr[3]);
    if ((!bare && !ends) || !is_consonant(word.ptr[2]))
        return;
    struct core_str stem = core_strn(word.ptr, 3);
    struct core_str ending = core_strn(word.ptr + 3, word.len - 3);
    if (ends)
        add(f, stem, CORE_STR(""), "");
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        if (!core_str_eq_c(ending, endings[i]))
            add(f, stem, CORE_STR(""), endings[i]);
}

/* "nájem", "nájmu"; "týden", "týdne". */
static void czech_forms(struct forms *f, struct core_str word)
{
    static const char *const endings[] = {"u", "e", "y", "a"};
    add_same(f, ai__forms_cs, word);
    czech_verbs(f, word);
    czech_short(f, word);
    if (word.len < 3)
        return;
    const char *end = word.ptr + word.len - 1;
    if (end[-1] != 'e' || !is_consonant(*end) || !is_consonant(end[-2]))
        return;
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        add(f, core_strn(word.ptr, word.len - 2), core_strn(end, 1), endings[i]);
}

size_t ai_word_forms(struct core_pool *pool, struct core_str folded, enum ai_lang lang,
                     struct core_str ret[static AI_WORD_FORMS])
{
    struct forms f = {pool, ret, 0};
    if (folded.len > AI_WORD_MAX)
        return 0;
    switch (lang) {
    case AI_LANG_EN:
        add_same(&f, ai__forms_en, folded);
        add_same(&f, ai__same_en, folded);
        break;
    case AI_LANG_DE:
        add_sharp(&f, folded);
        add_same(&f, ai__same_de, folded);
        german_forms(&f, folded);
        for (size_t i = 0, count = f.count; i < count; i++)
            add_sharp(&f, f.at[i]);
        break;
    case AI_LANG_CS:
        add_same(&f, ai__same_cs, folded);
        czech_forms(&f, folded);
        break;
    case AI_LANG_ES:
    case AI_LANG_OTHER:
        break;
    }
    return f.count;
}
