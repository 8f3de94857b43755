/*
 * intent.c: what the sender of a message mainly wants.
 *
 *     Hi Jo, thanks for yesterday! Could you send me the file?
 *     greeting, thanks           | request
 *
 * A message is sentences, a sentence is clauses between commas. At the beginning of a clause stand words
 * that lead in ("hi", "thanks", "yes", "so"); what comes first behind them, its head, says whether the clause
 * asks, requests or states. All this is noted, then one thing is chosen: an alarm before anything else;
 * a request or question before yes and no, those before apologies and thanks, and these, unless they only
 * close it, before what is told; partings before greetings. Only integers, no memory.
 */
#include "genom/intent.h"

#include <string.h>

/* Points that make an alarm of a sentence, and what adds to them. */
#define ALARM 6
enum {
    POINTS_A3 = 6,
    POINTS_FAIL = 4,
    POINTS_THING = 2,
    POINTS_URGE = 1,
    POINTS_LOUD = 1,
    POINTS_ASKED = -5,
    POINTS_REQUESTED = -2,
    POINTS_IF = -4,
    POINTS_PAST = -5,
    POINTS_CALM = -7,
};
/* How much a head says. */
enum { NOTHING, HINT, LIKELY, SURE };
/* Words that a statement needs before it counts more than a greeting, than thanks that close it, and than a
 * parting. */
enum { TOLD_AT_ALL = 5, TOLD_MORE = 5, TOLD_MUCH = 9 };

/* When something was first said (the number of its clause from 1; 0: never). */
struct notes {
    unsigned clause;
    unsigned hi, phatic, bye, thank, sorry, yes, yes_weak, no, no_weak;
    unsigned last_social;      /* clause of the last thanks, apology or parting */
    unsigned told_first;       /* clause of the first thing told */
    bool thank_for, sorry_for; /* and for what */
    bool hi_weak, parting_hi;
    bool excuse;
    unsigned told; /* words that tell something */
    unsigned request, question;
    unsigned request_at, question_at;
    int alarm;
};

/* A sentence, and where in it we are. */
struct sentence {
    const struct genom__mark *marks;
    unsigned from, to; /* without the sign at its end */
    unsigned lang;
    bool asked, loud;
    bool open; /* so far only words that lead in, or a condition */
    bool asks, requests;
    bool social; /* thanks or apologizes: what it names is no alarm */
};

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

static void ask(struct notes *n, struct sentence *s, unsigned much)
{
    raise_to(&n->question, much);
    if (much >= LIKELY)
        n->question_at = n->clause;
    s->asks = true;
}

static void request(struct notes *n, struct sentence *s, unsigned much)
{
    raise_to(&n->request, much);
    if (much >= LIKELY)
        n->request_at = n->clause;
    s->requests = true;
}

/* --- What leads in -------------------------------------------------------------------------- */

static enum genom__role role_at(const struct sentence *s, unsigned at, unsigned end)
{
    return at < end ? s->marks[at].role : ROLE_COMMA;
}

static bool is_subject(enum genom__role role)
{
    return role == ROLE_PRON || role == ROLE_DET;
}

/* "No milk", "never heard": denies nothing by itself, where the same word alone would. */
static bool is_denial(const struct sentence *s, unsigned at, unsigned end)
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
static bool note_lead(struct notes *n, struct sentence *s, unsigned at, unsigned end)
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

static bool has(const struct sentence *s, unsigned from, unsigned to, enum genom__role role)
{
    for (unsigned i = from; i < to; i++)
        if (s->marks[i].role == role)
            return true;
    return false;
}

/* "Could you tell me where …" wants to know, "could you tell Jo …" wants it done. */
static bool asks_to_know(const struct sentence *s, unsigned at)
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
static unsigned weigh_wh(const struct sentence *s, unsigned at, unsigned end)
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
static bool is_order(const struct sentence *s, unsigned at, unsigned end)
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

/* "I don't want to go": what follows a phrase belongs to it, and neither orders nor asks by itself. */
static bool is_bound(const struct sentence *s, unsigned begin, unsigned head)
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

/* The head of a clause that may request or ask; false: it tells. */
static bool weigh_head(struct notes *n, struct sentence *s, unsigned at, unsigned end)
{
    bool order = s->open && is_order(s, at, end);
    switch (s->marks[at].role) {
    case ROLE_MODAL:
        if (asks_to_know(s, at + 1))
            ask(n, s, SURE);
        else
            request(n, s, SURE);
        return true;
    case ROLE_MODALI:
        ask(n, s, s->asked ? SURE : LIKELY);
        return true;
    case ROLE_WONDER:
        ask(n, s, SURE);
        return true;
    case ROLE_WH: {
        unsigned much = s->open || s->asked ? weigh_wh(s, at, end) : HINT;
        ask(n, s, much);
        return much >= LIKELY;
    }
    case ROLE_ASK:
        if (!s->asked && (!s->open || s->lang == GENOM__CS || s->lang == GENOM__ES))
            return false;
        ask(n, s, SURE);
        return true;
    case ROLE_AUX:
        if (!s->asked && (!s->open || !is_subject(role_at(s, at + 1, end))))
            return false;
        ask(n, s, LIKELY);
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
    default:
        return false;
    }
}

/* "He was sorry" is no apology. */
static bool is_told_of(const struct sentence *s, unsigned begin, unsigned at)
{
    return at > begin && (s->marks[at - 1].role == ROLE_AUX || s->marks[at - 1].role == ROLE_ASK);
}

/* What stands inside a clause and counts wherever it does. */
static void weigh_inside(struct notes *n, struct sentence *s, unsigned at, unsigned end,
                         bool decided)
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
                ask(n, s, LIKELY);
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

static unsigned count_words(const struct sentence *s, unsigned from, unsigned to)
{
    unsigned words = 0;
    for (unsigned i = from; i < to; i++)
        words += s->marks[i].role == ROLE_FILL ? 0 : s->marks[i].words;
    return words;
}

/* One unknown word with a capital before a comma is a name: "Jo, call me". */
static bool is_name(const struct sentence *s, unsigned at, unsigned end)
{
    return at + 1 == end && end < s->to && s->marks[at].role == ROLE_NONE && s->marks[at].capital;
}

static void weigh_clause(struct notes *n, struct sentence *s, unsigned at, unsigned end)
{
    struct notes before = *n;
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
        if (!greets || words >= TOLD_AT_ALL || is_subject(s->marks[at].role)) {
            n->told += words;
            note_first(&n->told_first, n->clause);
        }
    }
    s->open = s->open && s->marks[at].role == ROLE_IF;
    if (s->marks[at].role == ROLE_WH && !decided)
        s->open = true; /* "when it is done, restart" */
}

/* --- Alarms --------------------------------------------------------------------------------- */

static int alarm_points(const struct sentence *s)
{
    int points = 0;
    unsigned fail = 0;
    bool thing = false, fail_of_thing = false, urgent = false, a3 = false, loud = false,
         urge = false;
    for (unsigned i = s->from; i < s->to; i++) {
        bool alone = (i == s->from || s->marks[i - 1].role >= ROLE_COMMA ||
                      s->marks[i - 1].role == ROLE_FILL || s->marks[i - 1].role == ROLE_HELP) &&
                     (i + 1 == s->to || s->marks[i + 1].role >= ROLE_COMMA ||
                      s->marks[i + 1].role == ROLE_PLEASE || s->marks[i + 1].role == ROLE_HELP);
        switch (s->marks[i].role) {
        case ROLE_A3:
            a3 = true;
            break;
        case ROLE_URGENT:
            urgent = true;
            break;
        case ROLE_HELP:
            a3 |= alone;
            break;
        case ROLE_FAIL:
            fail++;
            break;
        case ROLE_FAILT:
            fail_of_thing = true;
            break;
        case ROLE_THING:
            thing = true;
            break;
        case ROLE_URGE:
            urge = true;
            break;
        case ROLE_IF:
            points += POINTS_IF;
            break;
        case ROLE_PAST:
            points += POINTS_PAST;
            break;
        case ROLE_CALM:
            points += POINTS_CALM;
            break;
        }
        loud |= s->marks[i].loud && s->marks[i].role >= ROLE_HELP;
    }
    fail += thing && fail_of_thing;
    if (!a3 && !urgent && !fail)
        return 0;
    points += a3 || urgent ? POINTS_A3 : POINTS_FAIL;
    points += thing ? POINTS_THING : 0;
    points += a3 + urgent + fail > 1 ? POINTS_THING : 0;
    points += urge ? POINTS_URGE : 0;
    points += (loud ? POINTS_LOUD : 0) + (s->loud ? POINTS_LOUD : 0);
    points += s->asks && !s->requests ? POINTS_ASKED : 0;
    points += s->requests && !a3 ? POINTS_REQUESTED : 0;
    return points;
}

/* --- A message ------------------------------------------------------------------------------ */

static void weigh_sentence(struct notes *n, struct sentence *s)
{
    s->open = true;
    s->asks = s->requests = s->social = false;
    unsigned told = n->told, question = n->question, request_before = n->request;
    for (unsigned at = s->from, end; at < s->to; at = end + 1) {
        for (end = at; end < s->to && s->marks[end].role < ROLE_COMMA; end++)
            ;
        weigh_clause(n, s, at, end);
    }
    if (s->asked && !s->requests && n->question == question && n->request == request_before) {
        /* "How are you?", "ok?": asked out of politeness, or a question by its mark alone. */
        if ((!n->phatic && !n->hi) || n->told > told)
            ask(n, s, n->told > told || s->asks ? SURE : LIKELY);
    }
    int points = s->social ? 0 : alarm_points(s);
    if (points > n->alarm)
        n->alarm = points;
}

static void weigh_message(const struct genom__said *said, struct notes *n)
{
    unsigned from = 0;
    memset(n, 0, sizeof *n);
    for (unsigned at = 0; at <= said->count; at++) {
        if (at < said->count && said->marks[at].role < ROLE_STOP)
            continue;
        struct sentence s = {.marks = said->marks, .from = from, .to = at, .lang = said->lang};
        if (at < said->count) {
            s.asked = said->marks[at].role == ROLE_ASKED;
            s.loud = said->marks[at].role == ROLE_BANG;
        }
        if (s.from < s.to)
            weigh_sentence(n, &s);
        else if (s.asked)
            ask(n, &s, LIKELY);
        from = at + 1;
    }
}

/* Neither alarm nor question nor request: what is the most of it? */
static enum genom_intents choose_social(const struct notes *n)
{
    bool told_first = n->told >= TOLD_MORE && n->told_first;
    if (n->no && (!n->yes || n->no <= n->yes))
        return GENOM_DENY;
    if (n->yes && !(n->sorry_for && n->sorry < n->yes))
        return GENOM_AFFIRM;
    if (n->no_weak)
        return GENOM_DENY;
    if (n->sorry && !(n->thank && n->thank < n->sorry))
        return GENOM_APOLOGY;
    if (n->bye && (n->told < TOLD_MUCH || n->bye < n->told_first))
        return GENOM_FAREWELL;
    if (n->thank && n->thank_for)
        return GENOM_THANKS;
    if (n->thank && !(told_first && n->told_first < n->thank))
        return GENOM_THANKS;
    if (n->parting_hi && n->told < TOLD_MUCH)
        return GENOM_FAREWELL;
    if (n->told >= TOLD_AT_ALL)
        return GENOM_STATEMENT;
    if (n->hi || n->phatic)
        return GENOM_GREETING;
    if (n->yes_weak && !n->told)
        return GENOM_AFFIRM;
    if (n->excuse)
        return GENOM_APOLOGY;
    if (n->hi_weak && n->told < TOLD_AT_ALL)
        return GENOM_GREETING;
    return GENOM_STATEMENT;
}

static enum genom_intents choose(const struct notes *n)
{
    if (n->alarm >= ALARM)
        return GENOM_ALERT;
    if (n->request >= LIKELY && n->question >= LIKELY)
        return n->question_at > n->request_at ? GENOM_QUESTION : GENOM_REQUEST;
    if (n->request >= LIKELY)
        return GENOM_REQUEST;
    if (n->question >= LIKELY)
        return GENOM_QUESTION;
    return choose_social(n);
}

void genom_intent(const char *text, size_t len, struct genom_intent *ret_intent)
{
    static const struct {
        const char *name, *symbol;
    } names[GENOM_INTENTS] = {
        [GENOM_STATEMENT] = {"statement", "💬"}, [GENOM_GREETING] = {"greeting", "👋"},
        [GENOM_FAREWELL] = {"farewell", "🫡"},   [GENOM_THANKS] = {"thanks", "🙏"},
        [GENOM_QUESTION] = {"question", "❓"},   [GENOM_REQUEST] = {"request", "⚡"},
        [GENOM_AFFIRM] = {"affirm", "✅"},       [GENOM_DENY] = {"deny", "❌"},
        [GENOM_ALERT] = {"alert", "🚨"},         [GENOM_APOLOGY] = {"apology", "🙇"},
    };
    struct genom__said said;
    struct notes notes;
    genom__intent_read(text, len, &said);
    weigh_message(&said, &notes);
    enum genom_intents intent = choose(&notes);
    *ret_intent = (struct genom_intent){.intent = intent,
                                        .name = names[intent].name,
                                        .symbol = names[intent].symbol,
                                        .confidence = 90};
}
