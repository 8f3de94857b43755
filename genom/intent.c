/*
 * intent.c: what the sender of a message mainly wants.
 *
 *     Hi Jo, thanks for yesterday! Could you send me the file?
 *     greeting, thanks           | request
 *
 * A message is sentences, a sentence is clauses between commas. What each says is noted,
 * and the points that make an alarm of a sentence are added up; then one thing is
 * chosen: an alarm before anything else; a request or question before yes and no, those
 * before apologies and thanks, and these, unless they only close it, before what is
 * told; partings before greetings. Only integers, no memory.
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
/* Words that a statement needs before it counts more than a
 * greeting, than thanks that close it, and than a parting. */
enum { TOLD_AT_ALL = 5, TOLD_MORE = 5, TOLD_MUCH = 9 };

/* --- Alarms --------------------------------------------------------------------------------- */

static int alarm_points(const struct genom__sentence *s)
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

static void weigh_sentence(struct genom__notes *n, struct genom__sentence *s)
{
    s->open = true;
    s->asks = s->requests = s->social = false;
    unsigned told = n->told, question = n->question, request_before = n->request;
    for (unsigned at = s->from, end; at < s->to; at = end + 1) {
        for (end = at; end < s->to && s->marks[end].role < ROLE_COMMA; end++)
            ;
        genom__intent_clause(n, s, at, end);
    }
    if (s->asked && !s->requests && n->question == question && n->request == request_before) {
        /* "How are you?", "ok?": asked out of politeness, or a question by its mark alone. */
        if ((!n->phatic && !n->hi) || n->told > told)
            genom__intent_ask(n, s, n->told > told || s->asks ? SURE : LIKELY);
    }
    int points = s->social ? 0 : alarm_points(s);
    if (points > n->alarm)
        n->alarm = points;
}

static void weigh_message(const struct genom__said *said, struct genom__notes *n)
{
    unsigned from = 0;
    memset(n, 0, sizeof *n);
    for (unsigned at = 0; at <= said->count; at++) {
        if (at < said->count && said->marks[at].role < ROLE_STOP)
            continue;
        struct genom__sentence s = {
            .marks = said->marks, .from = from, .to = at, .lang = said->lang};
        if (at < said->count) {
            s.asked = said->marks[at].role == ROLE_ASKED;
            s.loud = said->marks[at].role == ROLE_BANG;
        }
        if (s.from < s.to)
            weigh_sentence(n, &s);
        else if (s.asked)
            genom__intent_ask(n, &s, LIKELY);
        from = at + 1;
    }
}

/* Neither alarm nor question nor request: what is the most of it? */
static enum genom_intents choose_social(const struct genom__notes *n)
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

static enum genom_intents choose(const struct genom__notes *n)
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

/* How sure that is: does anything else speak for another intent? */
static unsigned evidence(const struct genom__notes *n, enum genom_intents intent)
{
    switch (intent) {
    case GENOM_ALERT:
        return n->alarm > ALARM ? SURE : LIKELY;
    case GENOM_REQUEST:
        return n->alarm || n->question >= LIKELY ? HINT : n->request;
    case GENOM_QUESTION:
        return n->request >= LIKELY ? HINT : n->question;
    case GENOM_STATEMENT:
        return n->told < 3 || n->alarm > 0 ? HINT : LIKELY;
    default:
        return n->told == 0 && n->alarm <= 0 ? SURE : LIKELY;
    }
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
    /* Measured: how many of such decisions were right on messages that the rules had not seen. */
    static const uint8_t right[] = {[NOTHING] = 50, [HINT] = 60, [LIKELY] = 85, [SURE] = 95};
    struct genom__said said;
    struct genom__notes notes;
    genom__intent_read(text, len, &said);
    weigh_message(&said, &notes);
    enum genom_intents intent = choose(&notes);
    *ret_intent = (struct genom_intent){.intent = intent,
                                        .name = names[intent].name,
                                        .symbol = names[intent].symbol,
                                        .confidence = right[evidence(&notes, intent)]};
}
