/*
 * guard.c: two questions → forms → equal or not.
 *
 *     "Can you tell me which port does sshd listen on by default?"
 *       → type what; verbal; items: port sshd listen on; floating: default
 *
 * A form is what is left when words that never matter are dropped, what the auxiliaries say (tense,
 * must, can, who acts) is taken out, and parts that may stand in several places are put into one.
 * Forms agree when all that is equal and the items are equal one by one in order, up to plural, the
 * inflection of verbs and short lists of synonyms. Order is kept because it says who does what to
 * whom.
 */
#include "ai/guard/lex.h"

#include "ai/text/text.h"

/* --- Words ---------------------------------------------------------------------------------- */

static size_t bases_of(const struct guard_token *t, bool english, guard_bases out)
{
    if (english)
        return guard_english_bases(t, out);
    memcpy(out[0], t->text, sizeof t->text);
    return 1;
}

static bool same_word(const struct guard_language *l, const struct guard_token *a,
                      const struct guard_token *b)
{
    unsigned x_case = a->flags & GUARD_CASES, y_case = b->flags & GUARD_CASES;
    if (x_case && y_case && x_case != y_case)
        return false;
    if (!strcmp(a->text, b->text))
        /* "What does Bill owe" is not about the bill. */
        return !(a->flags & GUARD_PROPER && b->flags & GUARD_ARTICLE) &&
               !(b->flags & GUARD_PROPER && a->flags & GUARD_ARTICLE);
    if (!l || ((a->flags | b->flags) & (GUARD_NAME | GUARD_CODE)))
        return false;
    if (l == &guard_czech && (a->flags & b->flags & GUARD_LOOSE) &&
        guard_czech_same(a->text, b->text, a->flags & GUARD_GENITIVE))
        return true;
    guard_bases x, y;
    size_t nx = bases_of(a, l == &guard_english, x), ny = bases_of(b, l == &guard_english, y);
    /* "A package" and "packages" are any; "the key" and "the keys" are not the same. */
    if (((a->flags | b->flags) & GUARD_DEFINITE) && !((a->flags | b->flags) & GUARD_VERB) &&
        (nx > 1) != (ny > 1))
        return false;
    for (size_t i = 0; i < nx; i++) {
        int group = guard_synonym(l, x[i]);
        for (size_t j = 0; j < ny; j++) {
            if (!strcmp(x[i], y[j]))
                return true;
            if (group >= 0 && group == guard_synonym(l, y[j]))
                return true;
        }
    }
    return false;
}

/* --- Diacritics ----------------------------------------------------------------------------- */

static bool is_ascii(struct core_str s)
{
    for (size_t i = 0; i < s.len; i++)
        if ((unsigned char)s.ptr[i] >= 0x80)
            return false;
    return true;
}

/* "ü" as "ue", for those who have no such key. */
static size_t spell_out(const char *word, char *out, size_t cap)
{
    static const char from[][3] = {"ä", "ö", "ü", "ß"}, to[][3] = {"ae", "oe", "ue", "ss"};
    size_t n = 0;
    for (const char *p = word; *p && n + 3 < cap;) {
        size_t i = 0;
        while (i < 4 && strncmp(p, from[i], 2))
            i++;
        if (i < 4) {
            memcpy(out + n, to[i], 2);
            n += 2;
            p += 2;
        } else {
            out[n++] = *p++;
        }
    }
    return n;
}

/* How many marks `plain` lacks to be `full`; 0 when it is another word or the same. "ue" for "ü" is
 * written on purpose and counts twice. */
static size_t marks_missing(const char *plain, const char *full)
{
    char folded[2 * AI_LIMIT_GUARD_WORD];
    size_t len = strlen(plain), marks = 0;
    if (!strcmp(plain, full))
        return 0;
    for (const char *p = full; *p; p++)
        marks += ((unsigned char)*p & 0xc0) == 0xc0;
    size_t n = ai_text_fold(core_str(full), folded, sizeof folded);
    if (n == len && !memcmp(folded, plain, n))
        return marks;
    n = spell_out(full, folded, sizeof folded);
    return n == len && !memcmp(folded, plain, n) ? 2 * marks : 0;
}

/* Words that are none without their diacritics. */
static size_t restore_common(const struct guard_language *l, struct guard_tokens *plain)
{
    struct core_str rest = core_str(l->accented), word;
    size_t count = 0;
    while (core_str_split(&rest, ' ', &word)) {
        char full[AI_LIMIT_GUARD_WORD];
        memcpy(full, word.ptr, word.len);
        full[word.len] = '\0';
        for (size_t i = 0; i < plain->count; i++)
            if (marks_missing(plain->at[i].text, full)) {
                memcpy(plain->at[i].text, full, word.len + 1);
                count++;
            }
    }
    return count;
}

/* A question typed without diacritics takes them from the other one. A single mark proves nothing:
 * "pas" and "pás" are two things, but where two or more are missing, all are. */
static void restore(const struct guard_language *l, struct guard_tokens *plain,
                    const struct guard_tokens *full)
{
    size_t from[AI_LIMIT_GUARD_WORDS], count = restore_common(l, plain);
    for (size_t i = 0; i < plain->count; i++) {
        from[i] = full->count;
        for (size_t j = 0; j < full->count && from[i] == full->count; j++) {
            if (!strcmp(plain->at[i].text, full->at[j].text))
                break;
            size_t marks = marks_missing(plain->at[i].text, full->at[j].text);
            if (marks)
                from[i] = j;
            count += marks;
        }
    }
    for (size_t i = 0; i < plain->count && count > 1; i++)
        if (from[i] < full->count)
            memcpy(plain->at[i].text, full->at[from[i]].text, sizeof plain->at[i].text);
}

/* --- Agreeing ------------------------------------------------------------------------------- */

static bool same_set(const struct guard_language *l, const struct guard_tokens *a,
                     const struct guard_tokens *b)
{
    if (a->count != b->count)
        return false;
    bool used[AI_LIMIT_GUARD_WORDS] = {false};
    for (size_t i = 0; i < a->count; i++) {
        size_t j = 0;
        while (j < b->count && (used[j] || !same_word(l, &a->at[i], &b->at[j])))
            j++;
        if (j == b->count)
            return false;
        used[j] = true;
    }
    return true;
}

/* Both orders of a pair. */
static bool are(char a, char b, char x, char y)
{
    return (a == x && b == y) || (a == y && b == x);
}

/* Those that tell days and hours apart may be asked for with a plain "when": what happens by the
 * clock has an hour, what happens once has a day. */
static bool same_when(const struct guard_form *a, const struct guard_form *b)
{
    static const char clock[] = "leave depart arrive open close start begin fahr abfahr ankomm "
                                "beginn anfang öffn schließ začíná odjíždí přijíždí otevírá "
                                "zavírá jede",
                      day[] = "birthday expire expiry deadline due";
    const struct guard_form *exact = a->type == GUARD_TYPE_WHEN ? b : a;
    if (!are(a->type, b->type, GUARD_TYPE_WHEN, exact->type) || a->tense || b->tense)
        return false;
    for (size_t i = 0; i < a->items.count; i++) {
        guard_bases bases;
        size_t n = guard_english_bases(&a->items.at[i], bases);
        for (size_t j = 0; j < n; j++)
            if (guard_listed(exact->type == GUARD_TYPE_TIME ? clock : day, bases[j]))
                return exact->type == GUARD_TYPE_TIME || exact->type == GUARD_TYPE_DATE;
    }
    return false;
}

static bool same_type(const struct guard_form *a, const struct guard_form *b)
{
    if (a->type == b->type)
        return a->verbal == b->verbal && a->is == b->is;
    /* "default ssh port" is typed for "what is the default ssh port". */
    if (are(a->type, b->type, GUARD_TYPE_NONE, GUARD_TYPE_WHAT))
        return (a->is || b->is) && !a->verbal && !b->verbal;
    /* What must be done has a last day. */
    if (are(a->type, b->type, GUARD_TYPE_WHEN, GUARD_TYPE_BY))
        return !strcmp(a->modal, "must") && a->verbal == b->verbal;
    return same_when(a, b);
}

static bool is_pair(const struct guard_form *a, const struct guard_form *b, enum guard_subject x,
                    enum guard_subject y)
{
    return are((char)a->subject, (char)b->subject, (char)x, (char)y);
}

static bool same_subject(const struct guard_form *a, const struct guard_form *b)
{
    if (a->subject == b->subject)
        return true;
    bool they = a->subject == GUARD_SUBJECT_THEY || b->subject == GUARD_SUBJECT_THEY;
    if (a->type == GUARD_TYPE_HOW && !a->tense && !they)
        return true; /* how it is done, whoever does it */
    if (is_pair(a, b, GUARD_SUBJECT_ONE, GUARD_SUBJECT_I))
        return true;
    enum guard_subject other = a->subject == GUARD_SUBJECT_PASSIVE ? b->subject : a->subject;
    if (!is_pair(a, b, GUARD_SUBJECT_PASSIVE, other) || other == GUARD_SUBJECT_NONE ||
        other == GUARD_SUBJECT_YOU)
        return false;
    /* "What was decided" is asked by those who decided. */
    if (a->tense)
        return (other == GUARD_SUBJECT_WE || other == GUARD_SUBJECT_ONE) &&
               a->type != GUARD_TYPE_YES_NO;
    /* What must be done may be somebody else's to do. */
    if (a->modal[0])
        return a->type != GUARD_TYPE_YES_NO || strcmp(a->modal, "must");
    /* "Which invoices are paid" asks about a state, not
     * about what I do; "what is needed" asks what I need. */
    if (a->type == GUARD_TYPE_WHAT)
        return (a->needs && b->needs) || (a->aside && b->aside);
    return a->type != GUARD_TYPE_YES_NO && a->type != GUARD_TYPE_WHO;
}

static bool same_modal(const struct guard_form *a, const struct guard_form *b)
{
    if (!strcmp(a->modal, b->modal))
        return true;
    /* "How can I", "how should I" and "how do I" ask for the same way; but what one can do and
     * what one should do are never taken for each other. */
    static const char weak[] = "can could should would";
    const char *other = a->modal[0] ? a->modal : b->modal;
    if (a->type == GUARD_TYPE_YES_NO && a->subject && guard_listed("can may", a->modal) &&
        guard_listed("can may", b->modal))
        return true;
    /* "Where do I put" and "where should I put" things. */
    bool mine = a->subject && a->subject == b->subject && a->subject != GUARD_SUBJECT_THEY &&
                a->subject != GUARD_SUBJECT_PASSIVE && !a->tense && !b->tense;
    if (mine && guard_listed("should", other) && (!a->modal[0] || !b->modal[0]) &&
        (a->type == GUARD_TYPE_WHERE || a->type == GUARD_TYPE_WHO || a->type == GUARD_TYPE_WHOM))
        return true;
    bool how = a->type == GUARD_TYPE_HOW ||
               (a->type == GUARD_TYPE_MEASURE && guard_listed("should", other));
    return how && (!a->modal[0] || !b->modal[0]) && guard_listed(weak, other);
}

static void parse(const struct guard_language *l, struct guard_tokens *tokens, enum ai_lang lang,
                  struct guard_form *f)
{
    f->items.count = f->floating.count = 0;
    f->type = GUARD_TYPE_NONE;
    f->tense = f->number = 0;
    f->subject = GUARD_SUBJECT_NONE;
    f->is = f->verbal = f->turned = f->needs = f->aside = false;
    f->modal[0] = '\0';
    if (!l) {
        f->items = *tokens;
        return;
    }
    guard_rewrite(tokens, lang);
    l->parse(l, tokens, f);
}

static bool same_tense(const struct guard_form *a, const struct guard_form *b)
{
    if (a->tense == b->tense || are(a->tense, b->tense, 'p', 'r'))
        return true;
    /* What has been paid is paid. */
    return are(a->tense, b->tense, 0, 'r') && a->type == GUARD_TYPE_YES_NO &&
           a->subject == GUARD_SUBJECT_PASSIVE && b->subject == GUARD_SUBJECT_PASSIVE;
}

static bool same_form(const struct guard_language *l, const struct guard_form *x,
                      const struct guard_form *y)
{
    if (!x->items.count || x->items.count != y->items.count)
        return false;
    if (!same_type(x, y) || !same_tense(x, y) ||
        (x->number && y->number && x->number != y->number) || !same_modal(x, y) ||
        !same_subject(x, y))
        return false;
    for (size_t i = 0; i < x->items.count; i++)
        if (!same_word(l, &x->items.at[i], &y->items.at[i]))
            return false;
    return same_set(l, &x->floating, &y->floating);
}

bool ai_guard_agree(struct core_str a, struct core_str b)
{
    enum ai_lang lang = ai_lang_guess(a);
    if (lang != ai_lang_guess(b))
        return false;
    struct guard_tokens s, t;
    if (!guard_lex(a, lang, &s) || !guard_lex(b, lang, &t))
        return false;
    const struct guard_language *l = guard_language(lang);
    if (l && l->accented[0] && is_ascii(a))
        restore(l, &s, &t);
    if (l && l->accented[0] && is_ascii(b))
        restore(l, &t, &s);
    struct guard_form x, y;
    parse(l, &s, lang, &x);
    parse(l, &t, lang, &y);
    return same_form(l, &x, &y);
}
