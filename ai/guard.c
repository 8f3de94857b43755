/*
 * guard.c: two questions → forms → equal or not.
 *
 *     "Can you tell me which port does sshd listen on by default?"
 *       → type what; items: port sshd listen on; floating: default
 *
 * A form is what is left when words that never matter are dropped and freely movable parts are put
 * into one place. Forms agree when the kinds of question are equal, the items are equal one by one
 * in order (up to plural, -ing and short lists of synonyms), and the floating words are the same
 * set. Order is kept because it says who does what to whom.
 */
#include "ai/guard_lex.h"

/* --- Words ---------------------------------------------------------------------------------- */

static bool ends(const char *w, size_t n, const char *tail)
{
    size_t t = strlen(tail);
    return n > t && !memcmp(w + n - t, tail, t);
}

static bool has_vowel(const char *w, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (strchr("aeiouy", w[i]))
            return true;
    return false;
}

enum { BASES_MAX = 5 };
typedef char bases[BASES_MAX][AI_LIMIT_GUARD_WORD + 1];

/* The word and what it may be an -s, (verbs) -ing or (participles) -ed form of. */
static size_t english_bases(const struct guard_token *t, bool verbs, bases out)
{
    const char *w = t->text;
    size_t n = strlen(w), count = 0;
    memcpy(out[count++], w, n + 1);
    if (n >= 4 && w[n - 1] == 's' && !strchr("suiao", w[n - 2])) {
        memcpy(out[count], w, n - 1);
        out[count++][n - 1] = '\0';
    }
    if (n >= 5 && (ends(w, n, "ses") || ends(w, n, "xes") || ends(w, n, "zes") ||
                   ends(w, n, "ches") || ends(w, n, "shes"))) {
        memcpy(out[count], w, n - 2);
        out[count++][n - 2] = '\0';
    }
    if (n >= 5 && ends(w, n, "ies")) {
        memcpy(out[count], w, n - 3);
        memcpy(out[count++] + n - 3, "y", 2);
    }
    bool ing = verbs && n >= 6 && ends(w, n, "ing") &&
               !guard_listed("nothing something anything everything during", w);
    bool ed = (t->flags & GUARD_PARTICIPLE) && n >= 5 && ends(w, n, "ed") && !ends(w, n, "eed");
    size_t stem = n - (ing ? 3 : 2);
    if ((ing || ed) && has_vowel(w, stem)) {
        memcpy(out[count], w, stem);
        out[count++][stem] = '\0';
        memcpy(out[count], w, stem);
        memcpy(out[count++] + stem, "e", 2);
        if (w[stem - 1] == w[stem - 2] && !strchr("lsfz", w[stem - 1])) {
            memcpy(out[count], w, stem - 1);
            out[count++][stem - 1] = '\0';
        }
    }
    return count;
}

/* The synonym group a word stands in, or −1. */
static int synonym(const struct guard_language *l, const char *w)
{
    for (int i = 0; l->synonyms[i]; i++)
        if (guard_listed(l->synonyms[i], w))
            return i;
    return -1;
}

static bool same_word(const struct guard_language *l, bool english, bool verbs,
                      const struct guard_token *a, const struct guard_token *b)
{
    if (!strcmp(a->text, b->text))
        return true;
    if (!l || ((a->flags | b->flags) & (GUARD_NAME | GUARD_CODE)))
        return false;
    bases x, y;
    size_t nx = 1, ny = 1;
    if (english) {
        nx = english_bases(a, verbs, x);
        ny = english_bases(b, verbs, y);
    } else {
        memcpy(x[0], a->text, sizeof a->text);
        memcpy(y[0], b->text, sizeof b->text);
    }
    for (size_t i = 0; i < nx; i++) {
        int group = synonym(l, x[i]);
        for (size_t j = 0; j < ny; j++) {
            if (!strcmp(x[i], y[j]))
                return true;
            if (group >= 0 && group == synonym(l, y[j]))
                return true;
        }
    }
    return false;
}

/* --- Building a form ------------------------------------------------------------------------ */

static void drop(struct guard_tokens *tokens, size_t at)
{
    memmove(&tokens->at[at], &tokens->at[at + 1], (tokens->count - at - 1) * sizeof *tokens->at);
    tokens->count--;
    if (at < tokens->count)
        tokens->at[at].flags |= GUARD_BREAK;
}

/* How-, where-, when- and why-questions ask about circumstances: who can, may or does is not the
 * point. */
static bool asks_circumstance(char type)
{
    return type == GUARD_TYPE_HOW || type == GUARD_TYPE_WHERE || type == GUARD_TYPE_WHERE_TO ||
           type == GUARD_TYPE_WHERE_FROM || type == GUARD_TYPE_WHEN || type == GUARD_TYPE_WHY;
}

static bool is_aux(const struct guard_language *l, const char *w)
{
    return guard_listed(l->be, w) || guard_listed(l->can, w) || guard_listed(l->should, w) ||
           guard_listed(l->past, w) || !strcmp(w, "must");
}

static char wh_type(const struct guard_language *l, const char *word)
{
    for (const struct guard_wh *w = l->wh; w->words; w++)
        if (guard_listed(w->words, word))
            return w->type;
    return GUARD_TYPE_NONE;
}

static void rotate(struct guard_tokens *tokens, size_t n)
{
    struct guard_tokens copy = *tokens;
    for (size_t i = 0; i < tokens->count; i++)
        tokens->at[i] = copy.at[(i + n) % copy.count];
}

/* "In Debian, how do I …" → "how do I … in Debian". */
static void move_front_phrase(const struct guard_language *l, struct guard_tokens *tokens)
{
    if (!tokens->count || !guard_listed(l->place, tokens->at[0].text))
        return;
    for (size_t i = 2; i < tokens->count; i++) {
        const char *word = tokens->at[i].text;
        if (!wh_type(l, word) && !is_aux(l, word))
            continue;
        /* Without its auxiliary behind it the word might belong to the phrase. */
        rotate(tokens, i);
        return;
    }
}

static void take_type(const struct guard_language *l, struct guard_tokens *tokens,
                      struct guard_form *f)
{
    f->type = GUARD_TYPE_NONE;
    if (!tokens->count)
        return;
    const char *first = tokens->at[0].text;
    if (is_aux(l, first)) {
        f->type = GUARD_TYPE_YES_NO; /* the auxiliary itself stays as the first item */
        return;
    }
    for (size_t i = 0; i < tokens->count; i++) {
        char type = wh_type(l, tokens->at[i].text);
        if (!type)
            continue;
        f->type = type;
        drop(tokens, i);
        f->is = i < tokens->count && guard_listed(l->be, tokens->at[i].text) &&
                strcmp(tokens->at[i].text, "do") && strcmp(tokens->at[i].text, "does");
        return;
    }
}

/* True when the possessive's own subject stands in the question. */
static bool owned_by_subject(const struct guard_language *l, const struct guard_tokens *tokens,
                             const char *word)
{
    if (!l->own)
        return false;
    struct core_str rest = core_str(l->own), subject, possessive;
    while (core_str_split(&rest, ' ', &subject) && core_str_split(&rest, ' ', &possessive)) {
        if (!core_str_eq_c(possessive, word))
            continue;
        for (size_t i = 0; i < tokens->count; i++)
            if (core_str_eq_c(subject, tokens->at[i].text))
                return true;
    }
    return false;
}

/* Does the word at `at` leave the meaning as it is? */
static bool drops(const struct guard_language *l, const struct guard_form *f,
                  const struct guard_tokens *all, size_t at, const struct guard_tokens *kept)
{
    const char *w = all->at[at].text, *before = at ? all->at[at - 1].text : "";
    const char *next = at + 1 < all->count ? all->at[at + 1].text : "";
    if (all->at[at].flags & GUARD_CODE)
        return false;
    if (guard_listed(l->article, w) || guard_listed(l->neutral, w))
        return true;
    if (guard_listed(l->place, w))
        return guard_listed(l->system, next);
    if (owned_by_subject(l, all, w))
        return true;
    if (f->type != GUARD_TYPE_YES_NO) {
        /* At the end it is the verb: "what does visudo do". */
        if (guard_listed(l->be, w))
            return *next != '\0';
        if (asks_circumstance(f->type) && guard_listed(l->can, w))
            return true;
        if (f->type == GUARD_TYPE_HOW && guard_listed(l->should, w))
            return true;
        if (f->type == GUARD_TYPE_WHERE && guard_listed(l->locate, w))
            return true;
        if (guard_listed(l->self, w))
            return is_aux(l, before);
        if (guard_listed(l->anybody, w))
            return f->type == GUARD_TYPE_HOW && is_aux(l, before);
    }
    if (l->to_after[0] && !strcmp(w, "to"))
        return !kept->count || guard_listed(l->to_after, kept->at[kept->count - 1].text);
    return false;
}

/* May the word stand elsewhere in the question without meaning another thing? An adverb at the end,
 * or behind the subject of a how-question, belongs to the verb; inside, to a participle perhaps. "default" in
 * "port of the default server" and "default server's port" belongs to the server. */
static bool floats(const struct guard_language *l, const struct guard_tokens *all, size_t at,
                   bool how, size_t kept)
{
    const char *w = all->at[at].text;
    bool last = at + 1 == all->count;
    if (guard_listed(l->adverb, w) || guard_ends_adverb(l, w))
        return last || (how && !kept) || guard_listed(l->place, all->at[at + 1].text);
    if (!guard_listed(l->standard, w))
        return false;
    if (!last && (all->at[at + 1].flags & GUARD_OWNER))
        return false;
    size_t before = at;
    while (before && guard_listed(l->article, all->at[before - 1].text))
        before--;
    return !before || !l->of[0] || strcmp(all->at[before - 1].text, l->of);
}

static bool build(struct core_str question, enum ai_lang lang, struct guard_form *f)
{
    const struct guard_language *l = guard_language(lang);
    struct guard_tokens all;
    if (!guard_lex(question, lang, &all))
        return false;
    f->items.count = f->floating.count = 0;
    f->type = GUARD_TYPE_NONE;
    f->is = false;
    if (!l) {
        f->items = all;
        return all.count > 0;
    }
    guard_rewrite(&all, lang);
    move_front_phrase(l, &all);
    take_type(l, &all, f);
    bool dropped = true, be = false;
    for (size_t i = 0; i < all.count; i++) {
        struct guard_token t = all.at[i];
        if (drops(l, f, &all, i, &f->items)) {
            dropped = true;
            be = guard_listed(l->be, t.text);
            continue;
        }
        if (be)
            t.flags |= GUARD_AFTER_BE;
        be = false;
        bool floating = floats(l, &all, i, f->type == GUARD_TYPE_HOW, f->items.count);
        struct guard_tokens *to = floating ? &f->floating : &f->items;
        bool past = guard_listed(l->past, t.text) && f->type != GUARD_TYPE_YES_NO;
        to->at[to->count] = t;
        if (past)
            memcpy(to->at[to->count].text, "past", 5);
        if (dropped)
            to->at[to->count].flags |= GUARD_BREAK;
        to->count++;
        dropped = floating ? dropped : false;
    }
    guard_shape(l, f);
    return f->items.count > 0;
}

static bool same_set(const struct guard_tokens *a, const struct guard_tokens *b)
{
    if (a->count != b->count)
        return false;
    bool used[AI_LIMIT_GUARD_WORDS] = {false};
    for (size_t i = 0; i < a->count; i++) {
        size_t j = 0;
        while (j < b->count && (used[j] || strcmp(a->at[i].text, b->at[j].text)))
            j++;
        if (j == b->count)
            return false;
        used[j] = true;
    }
    return true;
}

static bool same_type(const struct guard_form *a, const struct guard_form *b)
{
    /* "default ssh port" is typed for "what is the default ssh port". */
    if (a->type == GUARD_TYPE_NONE && b->type == GUARD_TYPE_WHAT)
        return b->is;
    if (b->type == GUARD_TYPE_NONE && a->type == GUARD_TYPE_WHAT)
        return a->is;
    return a->type == b->type;
}

bool ai_guard_agree(struct core_str a, struct core_str b)
{
    enum ai_lang lang = ai_lang_guess(a);
    if (lang != ai_lang_guess(b))
        return false;
    struct guard_form x, y;
    if (!build(a, lang, &x) || !build(b, lang, &y))
        return false;
    if (!same_type(&x, &y) || x.items.count != y.items.count)
        return false;
    const struct guard_language *l = guard_language(lang);
    for (size_t i = 0; i < x.items.count; i++)
        if (!same_word(l, lang == AI_LANG_EN, x.type == GUARD_TYPE_HOW, &x.items.at[i],
                       &y.items.at[i]))
            return false;
    return same_set(&x.floating, &y.floating);
}
