/*
 * english.c: an English question → its form.
 *
 *     question word | what it asks about | auxiliary | who | verb | the rest
 *     which           contract             did         Tom   sign   in May
 *
 * The auxiliary goes; what it says (past, must, passive) is kept beside the items. A passive
 * becomes active: "was the bill paid by Tom" is "did Tom pay the bill". Nothing is reordered around
 * a "not".
 */
#include "ai/guard/lex.h"

static const char auxiliaries[] = "is are am was were do does did can could may might must shall "
                                  "should will would have has";
static const char modals[] = "can could may might must shall should would";
static const char be[] = "is are am was were";
static const char negations[] = "not never no none nor neither without except unless only hardly "
                                "neednot nobody nothing nowhere";
static const char measures[] =
    "long large big high old far much often tall heavy deep wide fast hot "
    "cold warm thick frequently early late soon expensive strong";
static const char periods[] = "year month week season century";
static const char possessives[] = "my your his her its our their whose";

/* --- Front ---------------------------------------------------------------------------------- */

/* "On which port does sshd listen" → "which port does sshd listen on";
 * "In Debian, how do I …" → "how do I … in Debian". */
static void turn_front(const struct guard_language *l, struct guard_tokens *all)
{
    if (!guard_in(all, 0, l->preposition))
        return;
    if (all->count > 2 && guard_wh_type(l, all->at[1].text)) {
        if (guard_in(all, 0, "in on") && guard_in(all, 2, periods))
            guard_drop(all, 0);
        else
            guard_rotate(all, 1);
        return;
    }
    for (size_t i = 2; i < all->count; i++)
        if (guard_wh_type(l, all->at[i].text) || guard_in(all, i, auxiliaries)) {
            guard_rotate(all, i);
            return;
        }
}

static enum guard_subject pronoun(const struct guard_tokens *all, size_t at)
{
    static const char *const words[] = {"", "i", "we", "you", "one", "they"};
    for (int i = GUARD_SUBJECT_I; i <= GUARD_SUBJECT_THEY; i++)
        if (guard_is(all, at, words[i]))
            return (enum guard_subject)i;
    return GUARD_SUBJECT_NONE;
}

/* --- Verbs ---------------------------------------------------------------------------------- */

struct group {
    size_t at; /* where the auxiliary stood: what is asked about is before */
    bool be, perfect, bare;
};

/* A word here may be a verb: no article or owner stands before it. */
static bool verb_place(const struct guard_language *l, const struct guard_tokens *all, size_t at)
{
    if (!at)
        return true;
    return !guard_in(all, at - 1, l->article) && !guard_in(all, at - 1, possessives) &&
           !guard_in(all, at - 1, l->preposition) && !(all->at[at - 1].flags & GUARD_OWNER);
}

static bool has_negation(const struct guard_tokens *all)
{
    for (size_t i = 0; i < all->count; i++)
        if (guard_in(all, i, negations))
            return true;
    return false;
}

/* "Has" and "have" help only a participle. */
static size_t find_participle(const struct guard_language *l, const struct guard_tokens *all,
                              size_t from)
{
    for (size_t i = from; i < all->count; i++)
        if (guard_english_participle(all->at[i].text) && verb_place(l, all, i) &&
            !(all->at[i].flags & (GUARD_NAME | GUARD_CODE)))
            return i;
    return all->count;
}

static void take_subject(struct guard_tokens *all, struct guard_form *f, size_t at)
{
    if (guard_is(all, at, "not"))
        at++;
    f->subject = pronoun(all, at);
    if (f->subject)
        guard_drop(all, at);
}

static void set_modal(struct guard_form *f, const char *word)
{
    memcpy(f->modal, word, strlen(word) + 1);
}

/* "What is the number of rooms" counts, "what is the number of the room" does not. */
static void turn_number(const struct guard_language *l, struct guard_tokens *all)
{
    static const char *const head[] = {"what", "is are was were", "the", "number", "of"};
    for (size_t i = 0; i < 5; i++)
        if (!guard_in(all, i, head[i]))
            return;
    if (all->count < 6 || guard_in(all, 5, l->article) || guard_in(all, 5, possessives) ||
        (!guard_ends(all->at[5].text, "s") && !guard_in(all, 5, "people children men women")))
        return;
    memcpy(all->at[0].text, "howmany", 8);
    for (int i = 0; i < 3; i++)
        guard_drop(all, 2);
}

/* Takes the auxiliary out. */
static void take_auxiliary(const struct guard_language *l, struct guard_tokens *all,
                           struct guard_form *f, struct group *g, size_t from)
{
    size_t at = from;
    for (; at < all->count; at++) {
        if (!guard_in(all, at, auxiliaries))
            continue;
        bool have = guard_in(all, at, "have has");
        if (have && find_participle(l, all, at + 1) == all->count)
            continue;
        break;
    }
    g->at = at;
    g->bare = at == all->count;
    if (g->bare)
        return;
    const char *word = all->at[at].text;
    g->be = guard_listed(be, word);
    g->perfect = guard_listed("have has", word);
    if (g->perfect)
        f->tense = 'r';
    else if (guard_listed("was were did", word))
        f->tense = 'p';
    if (!strcmp(word, "will"))
        f->tense = 'f';
    if (guard_listed(modals, word))
        set_modal(f, word);
    f->verbal = !g->be;
    guard_drop(all, at);
    take_subject(all, f, at);
    if (!f->subject && at > from) {
        f->subject = pronoun(all, at - 1); /* "what I can do" */
        if (f->subject) {
            guard_drop(all, at - 1);
            g->at--;
        }
    }
    if (g->be && !f->subject && at > from && at == all->count && f->type != GUARD_TYPE_YES_NO)
        g->at = from; /* "what the code is" */
    else if (f->type != GUARD_TYPE_WHAT && f->type != GUARD_TYPE_HOW_MANY &&
             f->type != GUARD_TYPE_MEASURE && f->type != GUARD_TYPE_WHOSE)
        g->at = from; /* "why the light is red" */
    for (size_t i = g->at; i < all->count && f->verbal && !f->modal[0]; i++)
        if (guard_is(all, i, "must")) {
            set_modal(f, "must");
            guard_drop(all, i);
        }
}

/* Without an auxiliary the verb itself may say that it is past: "who signed". */
static void take_past(const struct guard_language *l, struct guard_tokens *all,
                      struct guard_form *f, size_t from)
{
    f->verbal = f->type != GUARD_TYPE_NONE;
    if (!f->verbal || f->type == GUARD_TYPE_HOW)
        return;
    for (size_t i = f->type == GUARD_TYPE_WHO ? from : from + 1; i < all->count; i++) {
        if (!guard_english_past(all->at[i].text) || !verb_place(l, all, i) ||
            (all->at[i].flags & (GUARD_NAME | GUARD_CODE)))
            continue;
        all->at[i].flags |= GUARD_VERB;
        f->tense = 'p';
        return;
    }
}

/* Items [at, verb) are what is acted upon; "by X" behind says who acts. */
static void turn_passive(const struct guard_language *l, struct guard_tokens *all,
                         struct guard_form *f, size_t at, size_t verb)
{
    const char *agent = guard_in(all, verb, "included contained") ? "in" : "by";
    size_t by = verb + 1;
    while (by < all->count && !guard_is(all, by, agent))
        by++;
    if (by == all->count) {
        f->subject = GUARD_SUBJECT_PASSIVE;
        if (guard_in(all, verb + 1, "up off out down"))
            guard_move(all, verb + 1, at);
        guard_move(all, guard_in(all, at, "up off out down") ? verb + 1 : verb, at);
        return;
    }
    guard_drop(all, by);
    size_t end = by;
    while (end < all->count && !guard_in(all, end, l->preposition))
        end++;
    f->subject = GUARD_SUBJECT_NONE;
    guard_move(all, verb, at);
    /* In "who was it signed by" it is who that acts. */
    for (size_t i = by; i < end; i++)
        guard_move(all, i, at + i - by);
}

static void find_verb(const struct guard_language *l, struct guard_tokens *all,
                      struct guard_form *f, struct group *g)
{
    for (size_t i = g->at; i < all->count && !g->be; i++)
        if (guard_in(all, i, "be been")) {
            g->be = true;
            guard_drop(all, i);
        }
    for (size_t i = g->at; i + 1 < all->count && g->be && !f->tense; i++)
        if (guard_is(all, i, "going") && guard_is(all, i + 1, "to")) {
            f->tense = 'f';
            f->verbal = true;
            guard_drop(all, i);
            guard_drop(all, i);
            g->be = guard_is(all, i, "be");
            if (g->be)
                guard_drop(all, i);
        }
    size_t verb = find_participle(l, all, g->at);
    if (guard_in(all, verb, "allowed permitted") && guard_is(all, verb + 1, "to") && g->be &&
        !f->modal[0] && !f->tense && !guard_is(all, verb ? verb - 1 : 0, "not")) {
        set_modal(f, "may");
        guard_drop(all, verb + 1);
        guard_drop(all, verb);
        f->verbal = true;
        return;
    }
    if (verb < all->count && (g->be || g->perfect)) {
        all->at[verb].flags |= GUARD_VERB;
        f->verbal = true;
        if (g->perfect && guard_is(all, verb, "got")) {
            memcpy(all->at[verb].text, "have", 5);
            f->tense = 0;
        }
        if (!g->be)
            return;
        if (guard_is(all, verb, "used") && guard_is(all, verb + 1, "to") && verb == g->at &&
            f->type == GUARD_TYPE_WHAT && verb) {
            guard_drop(all, verb); /* "which command is used to list": it lists */
            guard_drop(all, verb);
            return;
        }
        static const char *const text[] = {"", "i", "we", "you", "one", "they", ""};
        if (f->subject && guard_insert(all, g->at, text[f->subject], 0))
            verb++;
        if (has_negation(all))
            f->subject = GUARD_SUBJECT_PASSIVE;
        else
            turn_passive(l, all, f, g->at, verb);
        return;
    }
    for (size_t i = g->at + 1; i < all->count && g->be; i++) {
        const char *w = all->at[i].text;
        if (strlen(w) < 6 || !guard_ends(w, "ing") || !verb_place(l, all, i) ||
            guard_listed("nothing something anything everything during morning evening", w) ||
            (all->at[i].flags & (GUARD_NAME | GUARD_CODE)))
            continue;
        all->at[i].flags |= GUARD_VERB;
        f->verbal = true;
        return;
    }
}

/* --- Dropping ------------------------------------------------------------------------------- */

static bool owned_by_subject(const struct guard_form *f, const struct guard_tokens *all,
                             const char *word)
{
    static const char *const own[] = {"", "my", "our", "your", "", "", ""};
    if (f->type != GUARD_TYPE_HOW)
        return false;
    bool nobody = f->subject == GUARD_SUBJECT_NONE && guard_is(all, 0, "to");
    if (nobody || f->subject == GUARD_SUBJECT_PASSIVE || f->subject == GUARD_SUBJECT_ONE)
        return !strcmp(word, "my");
    return own[f->subject][0] && !strcmp(own[f->subject], word);
}

static bool drops(const struct guard_language *l, const struct guard_form *f,
                  const struct guard_tokens *all, size_t at)
{
    static const char infinitive[] =
        "how what where when which able possible way going command option tool program utility "
        "flag switch parameter function method setting";
    const char *w = all->at[at].text;
    if (all->at[at].flags & GUARD_CODE)
        return false;
    if (guard_listed(l->article, w) || guard_listed(l->neutral, w))
        return true;
    if (guard_listed("in on at with using under for inside within", w))
        return guard_in(all, at + 1, l->system);
    if (owned_by_subject(f, all, w))
        return true;
    if (!strcmp(w, "to"))
        return f->items.count ? guard_in(&f->items, f->items.count - 1, infinitive)
                              : f->type == GUARD_TYPE_HOW;
    return false;
}

static bool is_adverb(const struct guard_language *l, const char *w)
{
    static const char none[] = "only family reply apply supply daily weekly monthly hourly yearly "
                               "early likely unlikely assembly anomaly multiply july italy imply "
                               "comply hardly nearly friendly hourly quarterly bully jelly belly "
                               "rely fly holy ally lonely elderly costly possibly probably "
                               "partly fully mostly usually exactly approximately roughly";
    return guard_listed(l->adverb, w) ||
           (strlen(w) > 5 && guard_ends(w, "ly") && !guard_listed(none, w));
}

/* May the word stand elsewhere in the question without meaning another thing? An adverb at the end,
 * or behind the subject of a how-question, belongs to the verb; inside, to a participle perhaps.
 * "default" in "port of the default server" and "default server's port" belongs to the server. */
static bool floats(const struct guard_language *l, const struct guard_form *f,
                   const struct guard_tokens *all, size_t at)
{
    const char *w = all->at[at].text;
    bool last = at + 1 == all->count;
    if (is_adverb(l, w))
        return last || (f->type == GUARD_TYPE_HOW && !f->items.count) ||
               guard_in(all, at + 1, l->preposition);
    if (!guard_listed(l->standard, w) || (!last && (all->at[at + 1].flags & GUARD_OWNER)))
        return false;
    size_t before = at;
    while (before && guard_in(all, before - 1, l->article))
        before--;
    return !before || !guard_is(all, before - 1, "of");
}

static void tidy(struct guard_token *t, struct guard_form *f)
{
    f->needs |= guard_listed("need needed require required use used", t->text);
    static const char days[] = "mondays tuesdays wednesdays thursdays fridays saturdays sundays";
    if (!f->tense && guard_listed(days, t->text))
        t->text[strlen(t->text) - 1] = '\0';
}

/* Where a thing is kept or I find it is where it is. Where somebody lives or found it is not. */
static bool locates(struct guard_form *f, const char *w)
{
    bool found = guard_listed("find keep", w) && f->subject && !f->tense &&
                 f->subject != GUARD_SUBJECT_PASSIVE && f->subject != GUARD_SUBJECT_THEY;
    bool kept = f->subject == GUARD_SUBJECT_PASSIVE &&
                guard_listed("stored located kept saved found", w);
    if (f->type != GUARD_TYPE_WHERE || (!found && !kept))
        return false;
    f->is = true;
    f->verbal = false;
    f->subject = GUARD_SUBJECT_NONE;
    if (!strcmp(f->modal, "can"))
        f->modal[0] = '\0';
    return true;
}

/* Returns how many items stand before token `at`. */
static size_t filter(const struct guard_language *l, struct guard_tokens *all, struct guard_form *f,
                     size_t at, bool bare)
{
    /* How the filter is changed is how filters are changed. "When the shop opens": without an
     * auxiliary the verb ends like a plural. */
    bool sharp = (f->type != GUARD_TYPE_HOW || f->tense) &&
                 (!bare || f->type == GUARD_TYPE_WHO || f->type == GUARD_TYPE_WHAT ||
                  f->type == GUARD_TYPE_NONE);
    bool dropped = true, definite = false;
    size_t asked = 0;
    for (size_t i = 0; i < all->count; i++) {
        struct guard_token t = all->at[i];
        if (i == at)
            asked = f->items.count;
        if (guard_in(all, i, l->preposition) || guard_in(all, i, "a an and or"))
            definite = false;
        if (guard_is(all, i, "the") || guard_in(all, i, possessives))
            definite = sharp;
        if (definite)
            t.flags |= GUARD_DEFINITE;
        if (drops(l, f, all, i) || (verb_place(l, all, i) && locates(f, t.text))) {
            dropped = true;
            continue;
        }
        /* "Leave per year do I get", "leave do I get per year": not the monthly report. */
        bool often = f->verbal && guard_in(all, i, "yearly monthly weekly daily") &&
                     (i + 1 == all->count || i + 1 == at);
        bool floating = often || floats(l, f, all, i);
        struct guard_tokens *to = floating ? &f->floating : &f->items;
        tidy(&t, f);
        if (dropped)
            t.flags |= GUARD_BREAK;
        if (i && guard_in(all, i - 1, l->article))
            t.flags |= GUARD_ARTICLE;
        if (t.flags & GUARD_ARTICLE)
            t.flags &= ~(unsigned)GUARD_PROPER;
        to->at[to->count++] = t;
        dropped = floating ? dropped : false;
    }
    return asked;
}

/* "whether the boiler is insured" → "is the boiler insured". */
static bool turn_whether(struct guard_tokens *all)
{
    if (!guard_is(all, 0, "whether") && !guard_is(all, 0, "if"))
        return false;
    guard_drop(all, 0);
    for (size_t i = 0; i < all->count; i++)
        if (guard_in(all, i, auxiliaries)) {
            guard_move(all, i, 0);
            break;
        }
    return true;
}

/* "Turn the radio on", "turn on the radio". */
static void join_particle(struct guard_tokens *all)
{
    size_t last = all->count - 1;
    if (!all->count || !guard_in(all, last, "on off"))
        return;
    for (size_t i = 0; i < last; i++)
        if (guard_in(all, i, "turn switch")) {
            const char *verb = guard_is(all, last, "on") ? "enable" : "disable";
            memcpy(all->at[i].text, verb, strlen(verb) + 1);
            all->count--;
            return;
        }
}

/* "Why didn't the heating work", "why did the heating not work". A "not" that governs more than the
 * verb stays where it is. */
static void move_not(const struct guard_language *l, struct guard_tokens *all,
                     const struct guard_form *f, size_t at)
{
    static const char scoped[] = "all every each any some many much both only always often never "
                                 "no and or if unless that which who because";
    size_t found = all->count;
    for (size_t i = at; i < all->count; i++) {
        if (guard_in(all, i, scoped))
            return;
        if (guard_is(all, i, "not")) {
            if (found < all->count)
                return;
            found = i;
        }
    }
    bool verb_last = found + 2 == all->count || guard_in(all, found + 2, l->preposition);
    if (found < all->count && f->type != GUARD_TYPE_YES_NO && verb_last)
        guard_move(all, found, at);
}

/* "Is there a dishwasher in the flat" → "does the flat have a dishwasher". */
static void turn_there(struct guard_tokens *all, struct guard_form *f, struct group *g)
{
    size_t in = 1;
    if (f->type != GUARD_TYPE_YES_NO || !g->be || f->tense || !guard_is(all, 0, "there"))
        return;
    while (in < all->count && !guard_is(all, in, "in"))
        in++;
    for (size_t i = 1; i < all->count; i++)
        if (i != in && guard_in(all, i, "not of on at for with from to by in and or no"))
            return;
    if (in + 1 >= all->count)
        return;
    memcpy(all->at[in].text, "have", 5);
    guard_drop(all, 0);
    in--;
    size_t place = all->count - in - 1; /* tokens behind "in" go to the front, "have" behind them */
    guard_rotate(all, in);
    guard_move(all, 0, place + 1);
    g->be = false;
    f->verbal = true;
}

void guard_parse_english(const struct guard_language *l, struct guard_tokens *all,
                         struct guard_form *f)
{
    struct group g = {0};
    size_t from = 0;
    guard_turn_clause(all, "if");
    join_particle(all);
    turn_front(l, all);
    turn_number(l, all);
    if (turn_whether(all) || guard_in(all, 0, auxiliaries)) {
        f->type = GUARD_TYPE_YES_NO;
    } else {
        int at = guard_take_type(l, all, f);
        from = at < 0 ? all->count : (size_t)at;
    }
    if (f->type == GUARD_TYPE_HOW && guard_in(all, from, measures)) {
        f->type = GUARD_TYPE_MEASURE;
        from++;
    }
    take_auxiliary(l, all, f, &g, from);
    turn_there(all, f, &g);
    if (g.bare)
        take_past(l, all, f, from);
    else
        find_verb(l, all, f, &g);
    move_not(l, all, f, g.bare ? from : g.at);
    f->is = g.be && !f->verbal && g.at == from && f->type != GUARD_TYPE_HOW_MANY;
    if (f->type == GUARD_TYPE_HOW && guard_ends(all->at[0].text, "ing"))
        all->at[0].flags |= GUARD_VERB;
    guard_shape_english(l, f, filter(l, all, f, g.bare ? 0 : g.at, g.bare));
}
