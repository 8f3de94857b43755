/*
 * guard_shape.c: ways to say the same with the words in another order are brought into one:
 *
 *     port of the ssh server                 → ssh server port
 *     how can the password be changed        → how change the password
 *     which port does ssh use by default     → what is the default ssh port
 *     what is dpkg used for                  → what is the dpkg purpose
 *     difference between B and A             → difference between A and B
 *
 * Only where no other reading exists.
 */
#include "ai/guard_lex.h"

/* "port of the ssh server" → "ssh server port". The noun before ends at an article or any dropped
 * word, the one behind at the next one; so verbs are not carried along. */
static void turn_of(const struct guard_language *l, struct guard_tokens *t)
{
    if (!l->of[0])
        return;
    for (size_t of = 1; of + 1 < t->count; of++) {
        if (strcmp(t->at[of].text, l->of))
            continue;
        size_t left = of - 1, right = of + 2;
        while (left > 0 && !(t->at[left].flags & GUARD_BREAK))
            left--;
        while (right < t->count && !(t->at[right].flags & GUARD_BREAK))
            right++;
        struct guard_tokens copy = *t;
        size_t put = left;
        for (size_t i = of + 1; i < right; i++)
            t->at[put++] = copy.at[i];
        for (size_t i = left; i < of; i++)
            t->at[put++] = copy.at[i];
        for (size_t i = right; i < copy.count; i++)
            t->at[put++] = copy.at[i];
        t->count = put;
        /* The turned noun is one piece: only its first word may begin another turn. */
        for (size_t i = left + 1; i < right - 1 && i < put; i++)
            t->at[i].flags &= ~GUARD_BREAK;
        t->at[left].flags |= GUARD_BREAK;
        of = left;
    }
}

/* "the difference between B and A" → A first. */
static void sort_difference(struct guard_tokens *t)
{
    for (size_t i = 0; i + 4 < t->count; i++) {
        if (strcmp(t->at[i].text, "difference") || strcmp(t->at[i + 1].text, "between"))
            continue;
        if (strcmp(t->at[i + 3].text, "and"))
            continue;
        if (i + 5 < t->count && !(t->at[i + 5].flags & GUARD_BREAK))
            continue;
        if (strcmp(t->at[i + 2].text, t->at[i + 4].text) <= 0)
            continue;
        struct guard_token swap = t->at[i + 2];
        t->at[i + 2] = t->at[i + 4];
        t->at[i + 4] = swap;
    }
}

static bool ends_ed(const char *w)
{
    size_t n = strlen(w);
    return n >= 5 && !strcmp(w + n - 2, "ed");
}

/* Moves item `at` to the front. */
static void bring_forward(struct guard_tokens *t, size_t at)
{
    struct guard_token moved = t->at[at];
    memmove(&t->at[1], &t->at[0], at * sizeof *t->at);
    t->at[0] = moved;
}

/* "how can the password be changed", "how is the password changed". */
static void turn_passive(struct guard_form *f)
{
    struct guard_tokens *t = &f->items;
    if (f->type != GUARD_TYPE_HOW || t->count < 2)
        return;
    size_t at = 1;
    while (at < t->count && !((t->at[at].flags & GUARD_AFTER_BE) && ends_ed(t->at[at].text)))
        at++;
    if (at == t->count && f->is && ends_ed(t->at[t->count - 1].text))
        at = t->count - 1;
    if (at == t->count)
        return;
    t->at[at].flags |= GUARD_PARTICIPLE;
    bring_forward(t, at);
}

/* "which port does ssh use by default". Without "default" it might be about any of its ports. */
static void turn_use(struct guard_form *f)
{
    struct guard_tokens *t = &f->items;
    size_t n = t->count, cut = 1;
    if (f->type != GUARD_TYPE_WHAT || f->is || n < 3 || f->floating.count != 1)
        return;
    if (strcmp(f->floating.at[0].text, "default") || strcmp(t->at[n - 1].text, "use"))
        return;
    while (cut < n - 1 && !(t->at[cut].flags & GUARD_BREAK))
        cut++;
    if (cut == n - 1)
        return;
    struct guard_tokens copy = *t;
    t->count = n - 1;
    for (size_t i = 0; i < t->count; i++)
        t->at[i] = copy.at[(i + cut) % t->count];
    f->is = true;
}

/* "what is dpkg used for", "what is dpkg for". */
static void turn_purpose(struct guard_form *f)
{
    struct guard_tokens *t = &f->items;
    if (f->type != GUARD_TYPE_WHAT || !f->is || t->count < 2 ||
        strcmp(t->at[t->count - 1].text, "for"))
        return;
    if (t->count > 2 && !strcmp(t->at[t->count - 2].text, "used"))
        t->count--;
    memcpy(t->at[t->count - 1].text, "purpose", 8);
}

void guard_shape(const struct guard_language *l, struct guard_form *f)
{
    turn_of(l, &f->items);
    if (!l->adverb_end[0])
        return; /* the rest is English */
    sort_difference(&f->items);
    turn_passive(f);
    turn_use(f);
    turn_purpose(f);
}

bool guard_ends_adverb(const struct guard_language *l, const char *word)
{
    size_t n = strlen(word), end = strlen(l->adverb_end);
    return end && n > end + 3 && !strcmp(word + n - end, l->adverb_end) &&
           !guard_listed(l->no_adverb, word);
}
