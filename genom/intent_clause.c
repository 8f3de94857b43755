/*
 * intent_clause.c: what a clause says.
 *
 *     thanks Jo but | could   you send me the file
 *     leads in      | head
 *
 * At the beginning stand words that lead in: greetings, thanks, yes, "so".
 * What comes first behind them, the head, says whether the clause asks,
 * requests or tells. Little else counts wherever it stands.
 */
#include "genom/intent.h"

#include <string.h>

/* A greeting and so many words more, or a pronoun, tell something. */
#define TOLD_WITH_GREETING 5

static void raise_to(unsigned *value, unsigned least)
{
    if (*value < least)
        *value = least;
}

static void note_first(unsigned *when, unsigned clause)
{
    if (!*when)
        *when = clause;
}

void genom__intent_ask(struct genom__notes *n, struct genom__sentence *s, unsigned much)
{
    raise_to(&n->question, much);
    if (much >= LIKELY)
        n->question_at = n->clause;
    s->asks = true;
}

static void request(struct genom__notes *n, struct genom__sentence *s, unsigned much)
{
    raise_to(&n->request, much);
    if (much >= LIKELY)
        n->request_at = n->clause;
    s->requests = true;
}

/* --- What leads in -------------------------------------------------------------------------- */

static enum genom__role role_at(const struct genom__sentence *s, unsigned at, unsigned end)
{
    return at < end ? s->marks[at].role : ROLE_COMMA;
}

static bool is_subject(enum genom__role role)
{
    return role == ROLE_PRON || role == ROLE_DET;
}

/* "No milk", "never heard": denies nothing by itself, where the same word alone would. */
static bool is_denial(const struct genom__sentence *s, unsigned at, unsigned end)
{
    const struct genom__mark *mark = &s->marks[at];
    if (mark->words > 1 || at + 1 == end || s->lang == GENOM__CS || s->lang == GENOM__DE)
        return true;
    switch (s->marks[at + 1].role) {
    case ROLE_NONE:
    case ROLE_NUMBER:
    case ROLE_THING:
    case ROLE_FAIL:
    case ROLE_FAILT:
        return false;
    case ROLE_FUNC:
    case ROLE_VERB:
    case ROLE_WANT:
    case ROLE_ASK:
    case ROLE_AUX:
    case ROLE_URGE:
        return s->lang != GENOM__ES;
    default:
        return true;
    }
}

/* Notes a word that leads in; false: it does not. */
static bool note_lead(struct genom__notes *n, struct genom__sentence *s, unsigned at, unsigned end)
{
    bool first = n->clause == 1 && at == s->from;
    switch (s->marks[at].role) {
    case ROLE_HI:
        note_first(&n->hi, n->clause);
        return true;
    case ROLE_HIWEAK:
        n->hi_weak |= first;
        return true;
    case ROLE_HIBYE:
        if (!first && !n->hi)
            n->parting_hi = true;
        else
            note_first(&n->hi, n->clause);
        return true;
    case ROLE_PHATIC:
        note_first(&n->phatic, n->clause);
        return true;
    case ROLE_BYEWEAK: /* "later!", not "later we had dinner" */
        if (is_subject(role_at(s, at + 1, end)))
            return false;
        note_first(&n->bye, n->clause);
        return true;
    case ROLE_BYE:
        note_first(&n->bye, n->clause);
        return true;
    case ROLE_THANK:
        note_first(&n->thank, n->clause);
        s->social = true;
        return true;
    case ROLE_SORRY:
        note_first(&n->sorry, n->clause);
        s->social = true;
        return true;
    case ROLE_EXCUSE:
        n->excuse = true;
        return true;
    case ROLE_YES:
        note_first(&n->yes, n->clause);
        return true;
    case ROLE_YESWEAK:
        if (at + 1 == end ||
            (s->marks[at + 1].role != ROLE_NONE && s->marks[at + 1].role != ROLE_FUNC))
            note_first(&n->yes_weak, n->clause);
        return true;
    case ROLE_YESALONE:
        if (at + 1 < end)
            return false;
        note_first(&n->yes_weak, n->clause);
        return true;
    case ROLE_NO:
        if (!is_denial(s, at, end))
            return false;
        note_first(&n->no, n->clause);
        return true;
    case ROLE_NOWEAK:
        if (at + 1 < end && !n->sorry)
            return false;
        note_first(&n->no_weak, n->clause);
        return true;
    case ROLE_PLEASE: /* "please forgive me" */
        return at + 1 < end && s->marks[at + 1].role == ROLE_SORRY;
    case ROLE_FILL:
    case ROLE_URGE:
        return true;
    default:
        return false;
    }
}

/* --- What a clause does --------------------------------------------------------------------- */

static bool has(const struct genom__sentence *s, unsigned from, unsigned to, enum genom__role role)
{
    for (unsigned i = from; i < to; i++)
        if (s->marks[i].role == role)
            return true;
    return false;
}

/* "Could you tell me where …" wants to know, "could you tell Jo …" wants it done. */
static bool asks_to_know(const struct genom__sentence *s, unsigned at)
{
    enum genom__role role = role_at(s, at, s->to);
    if (role == ROLE_ABLE)
        return true;
    if (role != ROLE_TELL && role_at(s, at + 1, s->to) != ROLE_TELL)
        return false;
    return has(s, at + 1, s->to, ROLE_WH) || has(s, at + 1, s->to, ROLE_IF) ||
           has(s, at + 1, s->to, ROLE_ASK);
}

/* "What I want is …", "when he came, …", "how nice!" are no questions. */
static unsigned weigh_wh(const struct genom__sentence *s, unsigned at, unsigned end)
{
    enum genom__role next = role_at(s, at + 1, end);
    if (s->asked)
        return SURE;
    if (s->loud && s->marks[at].words == 1 && (next == ROLE_NONE || next == ROLE_PRON))
        return HINT;
    if (next == ROLE_PRON && s->lang != GENOM__CS && s->lang != GENOM__ES)
        return s->marks[at].words > 1 ? LIKELY : HINT;
    if (end < s->to && s->lang == GENOM__EN && next != ROLE_AUX && next != ROLE_ASK)
        return HINT;
    return SURE;
}

/* "Report the fault" requests, "report is ready" does not. */
static bool is_order(const struct genom__sentence *s, unsigned at, unsigned end)
{
    enum genom__role next = role_at(s, at + 1, end), after = role_at(s, at + 2, end);
    if (s->lang != GENOM__EN)
        return true;
    if (next == ROLE_AUX || (next == ROLE_ASK && s->marks[at + 1].words == 1))
        return false;
    if ((next == ROLE_NONE || next == ROLE_THING) &&
        (after == ROLE_AUX || after == ROLE_FAIL ||
         (after == ROLE_ASK && s->marks[at + 2].words == 1)))
        return false;
    return next != ROLE_FAIL || s->marks[at].words > 1;
}

/* "I don't want to go": what follows a phrase belongs
 * to it, and neither orders nor asks by itself. */
static bool is_bound(const struct genom__sentence *s, unsigned begin, unsigned head)
{
    for (unsigned i = begin; i < head && !s->asked; i++) {
        switch (s->marks[i].role) {
        case ROLE_YES:
        case ROLE_NO:
        case ROLE_SORRY:
        case ROLE_THANK:
        case ROLE_BYE:
            if (s->marks[i].words > 1)
                return true;
            break;
        }
    }
    return false;
}

/* How the last letters of a word look, for verbs that no list has. */
static bool ends(const struct genom__mark *mark, const char *letters)
{
    size_t n = strlen(letters);
    for (size_t i = 0; i < n; i++)
        if ((mark->tail >> (8 * i) & 0xff) != (unsigned char)letters[n - 1 - i])
            return false;
    return true;
}

static bool ends_in_consonant_te(const struct genom__mark *mark)
{
    unsigned before = mark->tail >> 16;
    return ends(mark, "te") && before >= 'b' && !strchr("aeiouys", (int)before);
}

/* An unknown word at the beginning that looks like an imperative: "shovel the snow", "restartujte
 * uzel", "kommen Sie", "recomiéndame algo". */
static bool is_imperative(const struct genom__sentence *s, unsigned at, unsigned end)
{
    const struct genom__mark *mark = &s->marks[at];
    enum genom__role next = role_at(s, at + 1, end);
    if (!s->open || s->asked || mark->role != ROLE_NONE || mark->words != 1)
        return false;
    switch (s->lang) {
    case GENOM__EN:
        return next == ROLE_DET && !ends(mark, "ly") && !ends(mark, "ed") && !ends(mark, "ing") &&
               !ends(mark, "s");
    case GENOM__CS:
        return ends(mark, "uj") || ends_in_consonant_te(mark);
    case GENOM__DE:
        return ends(mark, "en") && at + 1 < end && ends(&s->marks[at + 1], "sie");
    default:
        return ends(mark, "ame") || ends(mark, "eme") || ends(mark, "ime");
    }
}

/* The head of a clause that may request or ask; false: it tells. */
static bool weigh_head(struct genom__notes *n, struct genom__sentence *s, unsigned at, unsigned end)
{
    bool order = s->open && is_order(s, at, end);
    switch (s->marks[at].role) {
    case ROLE_MODAL:
        if (asks_to_know(s, at + 1))
            genom__intent_ask(n, s, SURE);
        else
            request(n, s, SURE);
        return true;
    case ROLE_MODALI:
        genom__intent_ask(n, s, s->asked ? SURE : LIKELY);
        return true;
    case ROLE_WONDER:
        genom__intent_ask(n, s, SURE);
        return true;
    case ROLE_WH: {
        unsigned much = s->open || s->asked ? weigh_wh(s, at, end) : HINT;
        genom__intent_ask(n, s, much);
        return much >= LIKELY;
    }
    case ROLE_ASK:
        if (!s->asked && (!s->open || s->lang == GENOM__CS || s->lang == GENOM__ES))
            return false;
        genom__intent_ask(n, s, SURE);
        return true;
    case ROLE_AUX:
        if (!s->asked && (!s->open || !is_subject(role_at(s, at + 1, end))))
            return false;
        genom__intent_ask(n, s, LIKELY);
        return true;
    case ROLE_LETS: /* "agreed, let's go" */
        if (n->yes || n->yes_weak)
            return false;
        request(n, s, LIKELY);
        return true;
    case ROLE_SLASH:
        request(n, s, SURE);
        return true;
    case ROLE_WANT:
    case ROLE_TELL:
        if (!order)
            return false;
        request(n, s, SURE);
        return true;
    case ROLE_HELP:
    case ROLE_ABLE:
    case ROLE_VERB:
        if (!order || (s->asked && end == s->to) ||
            (s->marks[at].role == ROLE_HELP && (s->lang != GENOM__EN || at + 1 == end)))
            return false;
        request(n, s, LIKELY);
        return true;
    case ROLE_NONE:
        if (!is_imperative(s, at, end))
            return false;
        request(n, s, LIKELY);
        return true;
    default:
        return false;
    }
}

/* "He was sorry" is no apology. */
static bool is_told_of(const struct genom__sentence *s, unsigned begin, unsigned at)
{
    return at > begin && (s->marks[at - 1].role == ROLE_AUX || s->marks[at - 1].role == ROLE_ASK);
}

/* What stands inside a clause and counts wherever it does. */
static void weigh_inside(struct genom__notes *n, struct genom__sentence *s, unsigned at,
                         unsigned end, bool decided)
{
    for (unsigned i = at; i < end; i++) {
        bool last = i + 1 == end;
        switch (s->marks[i].role) {
        case ROLE_PLEASE:
            if (!s->asks)
                request(n, s, SURE);
            break;
        case ROLE_MODAL:
            if (!decided && s->asked && i > at)
                request(n, s, asks_to_know(s, i + 1) ? NOTHING : LIKELY);
            break;
        case ROLE_WONDER:
            if (!decided && i > at)
                genom__intent_ask(n, s, LIKELY);
            break;
        case ROLE_SORRY:
            if (s->marks[i].words > 1 || (last && !is_told_of(s, at, i)))
                note_first(&n->sorry, n->clause);
            break;
        case ROLE_NO:
            if (last && (s->marks[i].words > 1 || s->lang == GENOM__CS || s->lang == GENOM__DE))
                note_first(&n->no, n->clause);
            break;
        case ROLE_YES:
            if (last && s->marks[i].words > 2)
                note_first(&n->yes, n->clause);
            break;
        case ROLE_THANK:
            note_first(&n->thank, n->clause);
            break;
        case ROLE_BYE:
            if (last)
                note_first(&n->bye, n->clause);
            break;
        case ROLE_HIBYE:
            n->parting_hi |= last;
            break;
        }
    }
}

static unsigned count_words(const struct genom__sentence *s, unsigned from, unsigned to)
{
    unsigned words = 0;
    for (unsigned i = from; i < to; i++)
        words += s->marks[i].role == ROLE_FILL ? 0 : s->marks[i].words;
    return words;
}

/* One unknown word with a capital before a comma is a name: "Jo, call me". */
static bool is_name(const struct genom__sentence *s, unsigned at, unsigned end)
{
    return at + 1 == end && end < s->to && s->marks[at].role == ROLE_NONE && s->marks[at].capital;
}

void genom__intent_clause(struct genom__notes *n, struct genom__sentence *s, unsigned at,
                          unsigned end)
{
    struct genom__notes before = *n;
    unsigned begin = at;
    bool social, agreed;
    n->clause++;
    while (at < end && note_lead(n, s, at, end))
        at++;
    if (at == end || is_name(s, at, end))
        return;
    if (s->marks[at].role == ROLE_PLEASE && at + 1 == end) {
        /* "yes please", "sorry, please" */
        if (!n->yes && !n->no && !n->sorry)
            request(n, s, s->from + 1 == s->to ? LIKELY : s->asks ? NOTHING : LIKELY);
        return;
    }
    unsigned head = at;
    if (s->marks[head].role == ROLE_PLEASE)
        head++;
    bool decided = !is_bound(s, begin, head) && weigh_head(n, s, head, end);
    weigh_inside(n, s, at, end, decided);
    social = (n->thank && !before.thank) || (n->sorry && !before.sorry) ||
             (n->bye && !before.bye) || (n->phatic && !before.phatic);
    agreed = (n->yes && !before.yes) || (n->no && !before.no);
    n->thank_for |= n->thank && !before.thank && !decided;
    n->sorry_for |= n->sorry && !before.sorry && !decided;
    if (!decided && !social && !agreed && s->marks[at].role != ROLE_SORRYNOT) {
        bool greets = n->hi && !before.hi;
        unsigned words = count_words(s, at, end);
        if (!greets || words >= TOLD_WITH_GREETING || is_subject(s->marks[at].role)) {
            n->told += words;
            note_first(&n->told_first, n->clause);
        }
    }
    s->open = s->open && s->marks[at].role == ROLE_IF;
    if (s->marks[at].role == ROLE_WH && !decided)
        s->open = true; /* "when it is done, restart" */
}
