/*
 * english_shape.c: ways to say the same with other words in another order become one:
 *
 *     port of the ssh server                 → ssh server port
 *     password for the router                → router password
 *     which port does ssh use by default     → what is the default ssh port
 *     what is dpkg used for                  → what is the dpkg purpose
 *     how large is X, how much does X cost   → what is the X size, the X price
 *     what colour does X have                → what is the X colour
 *     difference between B and A             → difference between A and B
 *
 * Only where no other reading exists.
 */
#include "ai/guard/lex.h"

/* What is for, to or on a thing is the thing's; but a key on the box is not the key to the box. */
static const char *const related[][2] = {
    {"for", "password passcode code key warranty guarantee deadline price fee cost budget manual "
            "contract agreement recipe insurance instructions template checklist bin"},
    {"to", "key password passcode code"},
    {"on", "warranty guarantee lease"},
};
/* Nouns that are amounts themselves: "how much is the rent" is "what is the rent". */
static const char amounts[] = "rent price fee cost salary wage bill deposit budget premium balance "
                              "amount sum total discount fare pension allowance income";
static const char spans[] = "period timeout term duration interval delay";

static size_t noun_end(const struct guard_language *l, const struct guard_tokens *t, size_t from)
{
    while (from < t->count && !guard_in(t, from, l->preposition) && !guard_is(t, from, "and") &&
           !guard_is(t, from, "or"))
        from++;
    return from;
}

static void turn_related(struct guard_tokens *t)
{
    for (size_t i = 0; i + 2 < t->count; i++)
        for (size_t j = 0; j < sizeof related / sizeof *related; j++)
            if (guard_is(t, i + 1, related[j][0]) && guard_in(t, i, related[j][1]) &&
                (t->at[i + 2].flags & GUARD_BREAK))
                memcpy(t->at[i + 1].text, "of", 3);
}

/* "The warranty of the boiler end": these never belong to the noun. */
static bool closes(const struct guard_form *f, const struct guard_tokens *t, size_t at)
{
    return f->verbal && at + 1 == t->count &&
           guard_in(t, at,
                    "end ends expire expires start starts begin begins leave leaves depart "
                    "arrive open opens close closes happen happens last lasts finish "
                    "contain include cost costs mean say says");
}

/* "port of the ssh server" → "ssh server port". The noun before ends at an article or any dropped
 * word; so verbs are not carried along. */
static void turn_of(const struct guard_language *l, const struct guard_form *f,
                    struct guard_tokens *t)
{
    for (size_t of = 1; of + 1 < t->count; of++) {
        if (!guard_is(t, of, "of"))
            continue;
        size_t left = of - 1, right = of + 2;
        while (left > 0 && !(t->at[left].flags & GUARD_BREAK) &&
               !guard_in(t, left - 1, l->preposition))
            left--;
        while (right < t->count && !(t->at[right].flags & GUARD_BREAK) && !closes(f, t, right) &&
               !guard_in(t, right, l->preposition) && !guard_in(t, right, "and or"))
            right++;
        if (left + 1 == of && guard_is(t, left, "name"))
            memcpy(t->at[left].text, "name-of", 8);
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
            t->at[i].flags &= ~(unsigned)GUARD_BREAK;
        t->at[left].flags |= GUARD_BREAK;
        of = left;
    }
}

/* "the difference between B and A" → A first. */
static void sort_difference(struct guard_tokens *t)
{
    for (size_t i = 0; i + 4 < t->count; i++) {
        if (!guard_is(t, i, "difference") || !guard_is(t, i + 1, "between") ||
            !guard_is(t, i + 3, "and"))
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

static void be_what_is(struct guard_form *f)
{
    f->type = GUARD_TYPE_WHAT;
    f->is = true;
    f->verbal = false;
}

static void set_text(struct guard_token *t, const char *text)
{
    memcpy(t->text, text, strlen(text) + 1);
    t->flags = 0;
}

/* "which port does ssh use by default". Without "default" it might be about any of its ports. */
static void turn_use(struct guard_form *f, size_t asked)
{
    struct guard_tokens *t = &f->items;
    size_t n = t->count;
    if (f->type != GUARD_TYPE_WHAT || !f->verbal || !asked || n < asked + 2 ||
        f->floating.count != 1 || f->tense || f->modal[0] || f->subject)
        return;
    if (!guard_is(&f->floating, 0, "default") || !guard_is(t, n - 1, "use"))
        return;
    t->count--;
    guard_rotate(t, asked);
    be_what_is(f);
}

/* "what shoe size does my daughter have". */
static void turn_have(const struct guard_language *l, struct guard_form *f, size_t asked)
{
    struct guard_tokens *t = &f->items;
    size_t n = t->count;
    if (f->type != GUARD_TYPE_WHAT || !f->verbal || !asked || n < asked + 2 || f->modal[0] ||
        f->subject || !guard_is(t, n - 1, "have") || noun_end(l, t, 0) < n)
        return;
    t->count--;
    guard_rotate(t, asked);
    be_what_is(f);
}

/* "what is dpkg used for", "what is dpkg for". */
static void turn_purpose(struct guard_form *f)
{
    struct guard_tokens *t = &f->items;
    size_t n = t->count;
    if (f->type != GUARD_TYPE_WHAT || n < 2 || !guard_is(t, n - 1, "for"))
        return;
    if (f->is) {
        set_text(&t->at[n - 1], "purpose");
    } else if (f->subject == GUARD_SUBJECT_PASSIVE && n > 2 && guard_is(t, 0, "used") &&
               !f->modal[0]) {
        guard_drop(t, 0);
        set_text(&t->at[n - 2], "purpose");
        f->subject = GUARD_SUBJECT_NONE;
        be_what_is(f);
    }
}

/* "what does E42 mean", "what does the ticket cost". */
static void turn_mean_cost(const struct guard_language *l, struct guard_form *f)
{
    struct guard_tokens *t = &f->items;
    size_t n = t->count;
    bool much = f->type == GUARD_TYPE_MEASURE && guard_is(t, 0, "much");
    if (n < 2 + (size_t)much || f->modal[0] || f->subject || !f->verbal)
        return;
    if (guard_in(t, n - 1, "cost costs") && (much || f->type == GUARD_TYPE_WHAT)) {
        set_text(&t->at[n - 1], "price");
        if (much)
            guard_drop(t, 0);
        be_what_is(f);
    } else if (guard_in(t, n - 1, "mean means") && f->type == GUARD_TYPE_WHAT &&
               noun_end(l, t, 0) > 0) {
        set_text(&t->at[n - 1], "meaning");
        be_what_is(f);
    }
}

/* The price of the ticket to Brno is the ticket-to-Brno price. */
static void put_last(const struct guard_language *l, struct guard_form *f)
{
    struct guard_tokens *t = &f->items;
    if (f->type != GUARD_TYPE_WHAT || !f->is)
        return;
    for (size_t i = 0; i + 1 < t->count; i++)
        if (guard_in(t, i, "meaning price size") && guard_in(t, i + 1, l->preposition)) {
            guard_move(t, i, t->count);
            return;
        }
}

/* "How long is the notice period", "how large is the disk". */
static void turn_measure(const struct guard_language *l, struct guard_form *f)
{
    static const char *const names[][2] = {
        {"large big", "size"},  {"old", "age"},    {"high tall", "height"},
        {"heavy", "weight"},    {"much", "price"}, {"long", "length"},
        {"expensive", "price"}, {"wide", "width"}, {"deep", "depth"}};
    struct guard_tokens *t = &f->items;
    if (f->type != GUARD_TYPE_MEASURE || !f->is || t->count < 2)
        return;
    size_t end = noun_end(l, t, 1);
    if (end == 1 || guard_in(t, end, "than from to and or"))
        return;
    bool own = (guard_in(t, 0, "much high") && guard_in(t, end - 1, amounts)) ||
               (guard_is(t, 0, "long") && guard_in(t, end - 1, spans));
    for (size_t i = 0; i < sizeof names / sizeof *names && !own; i++)
        if (guard_in(t, 0, names[i][0])) {
            if (!guard_insert(t, end, names[i][1], 0))
                return;
            own = true;
        }
    if (!own)
        return;
    guard_drop(t, 0);
    be_what_is(f);
}

/* "Who owns the file" is "who is the owner of the file". */
static void turn_agent(struct guard_form *f)
{
    static const char *const agents[][2] = {{"own owns", "owner"}, {"wrote", "author"}};
    struct guard_tokens *t = &f->items;
    bool who = f->type == GUARD_TYPE_WHO && f->verbal && !f->subject && !f->modal[0];
    for (size_t i = 0; i < 2 && t->count > 1; i++)
        if (who && guard_in(t, 0, agents[i][0])) {
            guard_drop(t, 0);
            guard_insert(t, t->count, agents[i][1], 0);
            f->verbal = false;
            f->is = true;
        } else if (f->type == GUARD_TYPE_WHO && f->is && guard_is(t, t->count - 1, "author")) {
            f->tense = 'p';
        }
}

/* "What is the expiry date of X" is "when does X expire", "what is the location of X" is "where is
 * X". */
static void turn_date(struct guard_form *f)
{
    static const struct {
        const char *noun, *verb;
        char type;
    } dates[] = {{"enddate", "expire", GUARD_TYPE_WHEN},  {"startdate", "start", GUARD_TYPE_WHEN},
                 {"leavetime", "leave", GUARD_TYPE_TIME}, {"arrivetime", "arrive", GUARD_TYPE_TIME},
                 {"starttime", "start", GUARD_TYPE_TIME}, {"endtime", "end", GUARD_TYPE_TIME},
                 {"date", "", GUARD_TYPE_WHEN},           {"location", "", GUARD_TYPE_WHERE}};
    struct guard_tokens *t = &f->items;
    size_t n = t->count;
    if (n < 2 || !((f->type == GUARD_TYPE_WHAT && f->is) || f->type == GUARD_TYPE_NONE))
        return;
    for (size_t i = 0; i < sizeof dates / sizeof *dates; i++) {
        if (!guard_is(t, n - 1, dates[i].noun))
            continue;
        bool verb = dates[i].verb[0];
        if (!verb && f->type == GUARD_TYPE_NONE)
            return;
        f->type = dates[i].type;
        f->verbal = verb;
        f->is = !verb;
        if (verb)
            set_text(&t->at[n - 1], dates[i].verb);
        else
            t->count--;
        return;
    }
}

/* "How many rooms are in the house" is "how many rooms does the house have". */
static void turn_inside(struct guard_form *f, size_t asked)
{
    struct guard_tokens *t = &f->items;
    if (f->type != GUARD_TYPE_HOW_MANY || f->verbal || f->modal[0] || asked < 1 ||
        !guard_is(t, asked, "in") || t->count < asked + 2)
        return;
    for (size_t i = asked + 1; i < t->count; i++)
        if (guard_in(t, i, "in on at of for with and or"))
            return;
    guard_drop(t, asked);
    if (guard_insert(t, t->count, "have", 0))
        f->verbal = true;
}

/* "What is the name of the landlord", "the landlord's name": who it is. */
static void turn_name(struct guard_form *f)
{
    struct guard_tokens *t = &f->items;
    size_t n = t->count;
    if (n < 2)
        return;
    struct guard_token *last = &t->at[n - 1];
    bool name = !strcmp(last->text, "name-of") ||
                (guard_is(t, n - 1, "name") && (t->at[n - 2].flags & GUARD_OWNER));
    if (name && ((f->type == GUARD_TYPE_WHAT && f->is) || f->type == GUARD_TYPE_NONE)) {
        f->type = GUARD_TYPE_WHO;
        f->is = true;
        f->verbal = false;
        t->count--;
    }
    for (size_t i = 0; i < t->count; i++)
        if (!strcmp(t->at[i].text, "name-of"))
            memcpy(t->at[i].text, "name", 5);
}

/* "Rent monthly" is "monthly rent". */
static void put_period(struct guard_form *f)
{
    struct guard_tokens *t = &f->items;
    if (f->is && t->count > 1 && f->type == GUARD_TYPE_WHAT &&
        guard_in(t, t->count - 1, "monthly yearly weekly daily"))
        guard_move(t, t->count - 1, 0);
}

/* "to Rome from Brno" is "from Brno to Rome", "in 2023 for heating" is "for heating in 2023". */
static void sort_phrases(const struct guard_language *l, struct guard_tokens *t)
{
    for (size_t i = 1; i + 3 < t->count; i++) {
        size_t second = noun_end(l, t, i + 1);
        bool route = guard_is(t, i, "to") && guard_is(t, second, "from");
        const char *year = t->at[i + 1].text;
        bool dated = guard_is(t, i, "in") && second == i + 2 && strlen(year) == 4 &&
                     strspn(year, "0123456789") == 4 && second < t->count &&
                     guard_in(t, second, "for on at from to with by");
        if ((!route && !dated) || (route && noun_end(l, t, second + 1) != t->count))
            continue;
        for (size_t n = second - i; n; n--)
            guard_move(t, i, t->count);
        return;
    }
}

/* "What is Tom's teacher called", "what do I owe him". */
static void turn_called_owe(struct guard_form *f, size_t asked)
{
    struct guard_tokens *t = &f->items;
    if (f->type != GUARD_TYPE_WHAT || asked || t->count < 2 || f->modal[0])
        return;
    if (f->subject == GUARD_SUBJECT_PASSIVE && guard_is(t, 0, "called") && !f->tense) {
        guard_drop(t, 0);
        f->type = GUARD_TYPE_WHO;
        f->subject = GUARD_SUBJECT_NONE;
        f->verbal = false;
        f->is = true;
        return;
    }
    for (size_t i = 0; i < t->count; i++)
        if (guard_in(t, i, "owe owes") && guard_insert(t, 0, "much", 0)) {
            f->type = GUARD_TYPE_MEASURE;
            return;
        }
}

static void drop_money(struct guard_form *f)
{
    struct guard_tokens *t = &f->items;
    if (f->type == GUARD_TYPE_MEASURE && guard_is(t, 0, "much") && guard_is(t, 1, "money") &&
        t->count > 2)
        guard_drop(t, 1);
}

void guard_shape_english(const struct guard_language *l, struct guard_form *f, size_t asked)
{
    if (!f->items.count)
        return;
    drop_money(f);
    turn_called_owe(f, asked);
    if (asked && guard_in(&f->items, asked - 1, "year month week") &&
        guard_is(&f->items, f->items.count - 1, "in"))
        f->items.count--;
    turn_mean_cost(l, f);
    turn_use(f, asked);
    turn_have(l, f, asked);
    bool ends = f->verbal && (f->type == GUARD_TYPE_WHEN || f->type == GUARD_TYPE_MEASURE);
    if (f->is || f->type == GUARD_TYPE_NONE || f->type == GUARD_TYPE_WHERE || ends)
        turn_related(&f->items);
    turn_inside(f, asked);
    turn_of(l, f, &f->items);
    turn_name(f);
    turn_agent(f);
    turn_measure(l, f);
    turn_purpose(f);
    put_last(l, f);
    put_period(f);
    turn_date(f);
    sort_difference(&f->items);
    sort_phrases(l, &f->items);
}
