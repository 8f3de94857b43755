/*
 * german_shape.c: ways to say the same in German with other words or in another order become
 * one:
 *
 *     wie hoch ist die Miete, wie viel beträgt die Miete   → was ist die Miete
 *     welche Nummer hat das Haus                           → was ist die Nummer von dem Haus
 *     wie teuer ist der Zug                                → was kostet der Zug
 *     wie heißt der Arzt, was ist der Name des Arztes      → wer ist der Arzt
 */
#include "ai/guard/lex.h"

static void clear_cases(struct guard_tokens *t, size_t from)
{
    for (size_t i = from; i < t->count; i++)
        t->at[i].flags &= ~(unsigned)GUARD_CASES;
}

/* "in der Wohnung einen Hund halten" → "einen Hund in der Wohnung halten": one noun and one phrase
 * of place or time before the verb, nothing else. */
static void sort_middle(struct guard_form *f)
{
    static const char places[] = "in an auf vor nach bei um ab bis seit während";
    struct guard_tokens *t = &f->items;
    size_t at = f->type == GUARD_TYPE_MEASURE, noun = at + 1;
    if (!guard_in(t, at, places) || f->type == GUARD_TYPE_WHAT || f->type == GUARD_TYPE_HOW_MANY)
        return;
    while (noun < t->count && !guard_german_noun(t, noun))
        noun++;
    size_t second = noun + 1;
    while (second < t->count && !guard_german_noun(t, second))
        second++;
    if (second + 2 != t->count || guard_german_noun(t, second + 1))
        return;
    for (size_t i = noun + 1; i <= second; i++)
        if (guard_in(t, i,
                     "in an auf vor nach bei um ab bis seit während von mit für aus ohne zu "
                     "nicht kein keine keinen und oder durch gegen als"))
            return;
    for (size_t i = noun + 1; i <= second; i++)
        guard_move(t, i, at + i - noun - 1);
}

static bool ends_in(const struct guard_tokens *t, size_t at, const char *tails)
{
    struct core_str rest = core_str(tails), tail;
    if (at >= t->count)
        return false;
    struct core_str w = core_str(t->at[at].text);
    while (core_str_split(&rest, ' ', &tail))
        if (w.len >= tail.len && !memcmp(w.ptr + w.len - tail.len, tail.ptr, tail.len))
            return true;
    return false;
}

static void be_what_is(struct guard_form *f)
{
    f->type = GUARD_TYPE_WHAT;
    f->is = true;
}

/* "Wie hoch ist die Miete", "wie breit ist das Sofa": `end` is where the noun ends. */
static void turn_measure(struct guard_form *f, size_t end)
{
    static const char amounts[] = "miete kaution preis gehalt gebühr rate rechnung betrag kosten "
                                  "beitrag lohn rabatt prämie budget",
                      spans[] = "frist dauer laufzeit";
    static const char *const sizes[][2] = {
        {"breit", "breite"}, {"hoch", "höhe"},      {"alt", "alter"}, {"groß", "größe"},
        {"lang", "länge"},   {"schwer", "gewicht"}, {"tief", "tiefe"}};
    struct guard_tokens *t = &f->items;
    if (guard_is(t, 0, "teuer")) {
        guard_drop(t, 0);
        if (guard_insert(t, t->count, "kost", 0))
            f->type = GUARD_TYPE_WHAT;
        f->is = false;
        return;
    }
    if (end > 1 && ((guard_in(t, 0, "hoch viel") && ends_in(t, end - 1, amounts)) ||
                    (guard_in(t, 0, "lang lange") && ends_in(t, end - 1, spans)))) {
        guard_drop(t, 0);
        be_what_is(f);
        return;
    }
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes && end == t->count; i++)
        if (guard_is(t, 0, sizes[i][0]) && guard_insert(t, 1, "von", 0)) {
            memcpy(t->at[0].text, sizes[i][1], strlen(sizes[i][1]) + 1);
            clear_cases(t, 2);
            be_what_is(f);
            return;
        }
}

/* What somebody is called says who it is. */
static void turn_name(struct guard_form *f)
{
    struct guard_tokens *t = &f->items;
    if (f->type == GUARD_TYPE_WHAT && f->is && t->count > 2 && guard_is(t, 0, "name") &&
        guard_is(t, 1, "von")) {
        guard_drop(t, 0);
        guard_drop(t, 0);
        f->type = GUARD_TYPE_WHO;
    }
    if (f->type == GUARD_TYPE_WHO && f->is)
        clear_cases(t, 0);
}

void guard_shape_german(const struct guard_language *l, struct guard_form *f)
{
    struct guard_tokens *t = &f->items;
    size_t end = 1, n = t->count;
    if (n < 2)
        return;
    while (end < n && !guard_in(t, end, l->preposition))
        end++;
    bool plain = !f->subject && !f->modal[0] && end == n;
    if (f->type == GUARD_TYPE_MEASURE && f->is) {
        turn_measure(f, end);
    } else if (f->type == GUARD_TYPE_HOW_MANY && (t->at[0].flags & GUARD_BREAK) &&
               guard_in(t, n - 1, "kost schuld betrag beträg")) {
        f->type = GUARD_TYPE_WHAT;
        f->is = !guard_in(t, n - 1, "kost schuld");
        t->count -= f->is;
    } else if (f->type == GUARD_TYPE_WHO && f->is && guard_in(t, 0, l->preposition) &&
               !guard_german_noun(t, n - 1)) {
        guard_move(t, n - 1, 0); /* "für das Auto zuständig" */
    } else if (f->type == GUARD_TYPE_HOW && guard_is(t, n - 1, "heiß") && !f->subject &&
               !f->modal[0] && (end == n || guard_is(t, end, "von"))) {
        t->count--;
        f->type = GUARD_TYPE_WHO;
        f->is = true;
    } else if (f->type == GUARD_TYPE_HOW && f->is && !f->modal[0] && guard_german_noun(t, n - 1) &&
               guard_german_noun(t, end - 1)) {
        be_what_is(f);
    } else if (f->type == GUARD_TYPE_WHAT && !f->is && plain && n > 2 &&
               guard_in(t, n - 1, "hat hab") && guard_german_noun(t, 0) &&
               (t->at[1].flags & GUARD_BREAK)) {
        memcpy(t->at[n - 1].text, "von", 4);
        guard_move(t, n - 1, 1);
        clear_cases(t, 2);
        be_what_is(f);
    }
    turn_name(f);
    sort_middle(f);
}
