/*
 * ask_hold.c: what a question costs: the worst case is set aside on the pool before each call
 * of a model, what it really cost is settled together with the telemetry. One hold serves further
 * calls as long as they fit it. For one that does not, what the calls before cost is settled first:
 * what they left must not be missing for the next, and a question has one hold at a time.
 */
#include "ai/cascade/cascade.h"

#include "ai/cascade/ask_remote.h"
#include "ai/cascade/ground.h"
#include "ai/cascade/prompt.h"
#include "core/err.h"

static void note(struct ai_ask_state *s, unsigned level, const struct account_cost *worst)
{
    struct ask_hold *h = &s->hold;
    s->paid_microusd += h->real.microusd;
    h->level = level;
    h->held = *worst;
    h->real = (struct account_cost){0};
}

static bool has_payer(const struct ai_ask_state *s)
{
    return s->ai->accounts && s->ask->payer.account;
}

/* When it is not known to have been written it is settled once more at the end, which changes
 * nothing if it was. */
static int give_back(struct ai_ask_state *s)
{
    struct ask_hold *h = &s->hold;
    if (!h->id[0])
        return 0;
    struct store_batch *batch = store_batch_new(STORE_RELAXED);
    account_spend_settle(batch, h->id, &h->real);
    int e = store_write_wait(s->ai->store, batch);
    if (!e) {
        h->id[0] = '\0';
        h->held = h->real;
    }
    return e;
}

int ask_hold(struct ai_ask_state *s, unsigned level, const struct account_cost *worst)
{
    int e = give_back(s);
    if (!e && has_payer(s))
        e = account_spend_hold(s->ai->accounts, &s->ask->payer, level, worst, s->hold.id,
                               &s->broke);
    if (!e)
        note(s, level, worst);
    return e;
}

bool ask_hold_unbound(struct ai_ask_state *s, unsigned level, const struct account_cost *worst)
{
    if (s->hold.id[0] ||
        (has_payer(s) && !account_spend_free(s->ai->accounts, &s->ask->payer, (int)level)))
        return false;
    note(s, level, worst);
    return true;
}

unsigned ask_tokens_max(const struct ai_ask_state *s)
{
    if (s->ask->tokens_max)
        return s->ask->tokens_max;
    return s->ask->mode == AI_ASK_DOCUMENTS ? ai_ground_tokens(s->question) : AI_MODEL_TOKENS;
}

struct account_cost ask_local_worst(const struct ai_ask_state *s)
{
    int64_t out = ask_tokens_max(s), in = 0, context = s->ai->options.model_context;
    for (size_t i = 0; i < s->message_count; i++)
        in += (int64_t)s->messages[i].text.len + AI_REMOTE_MESSAGE_TOKENS;
    if (context) {
        in = in < context ? in : context;
        out = out < context ? out : context;
    }
    int64_t tokens = context && in + out > context ? context : in + out;
    return (struct account_cost){.microusd = ai__price_of(s->price, (unsigned)in, (unsigned)out),
                                 .tokens = tokens};
}

struct account_cost ask_worst(const struct ai_ask_state *s)
{
    return s->level_next == 2 ? ask_local_worst(s) : ask_remote_worst(s);
}

int ask_skip(struct ai_ask_state *s)
{
    int e = s->quotable ? ask_quote(s) : CORE_EBUDGET;
    s->cacheable = false;
    s->receipt.why_stopped = "budget";
    return e;
}

/* A question costs at least itself. */
static int answer_without_model(struct ai_ask_state *s)
{
    static const struct account_cost nothing;
    s->receipt.skipped = s->level_next;
    int e = ask_skip(s);
    return e ? e : ask_hold(s, 1, &nothing);
}

int ask_hold_decided(struct ai_ask_state *s)
{
    static const struct account_cost nothing;
    if (s->verdict == ASK_ANSWER)
        return ask_hold(s, s->receipt.level, &nothing);
    struct account_cost worst = ask_worst(s);
    int e = ask_hold(s, s->level_next, &worst);
    if (e == CORE_EBUDGET && s->ask->mode == AI_ASK_DOCUMENTS && s->level_max >= 1)
        e = answer_without_model(s);
    return e;
}

/* --- Between two calls ------------------------------------------------------------------------ */

static void run_hold(struct core_work *work, unsigned worker)
{
    struct ai_ask_state *s = (struct ai_ask_state *)work;
    (void)worker;
    s->status = ask_hold(s, s->level_next, &s->worst);
}

static void held(struct core_work *work, int status)
{
    struct ai_ask_state *s = (struct ai_ask_state *)work;
    int e = status ? status : s->status;
    s->status = 0;
    s->phase = ASK_ANSWERING;
    if (s->cancelled) {
        ask_finish(s, CORE_ECANCELLED);
    } else if (!e) {
        ask_generate(s);
    } else if (s->ask->mode == AI_ASK_DOCUMENTS) {
        s->receipt.skipped = e == CORE_EBUDGET ? s->level_next : 0;
        s->cacheable = false;
        ask_finish_documents(s);
    } else {
        ask_finish(s, e);
    }
}

void ask_hold_then_generate(struct ai_ask_state *s)
{
    if (ask_hold_unbound(s, s->level_next, &s->worst)) {
        ask_generate(s);
        return;
    }
    s->work.run = run_hold;
    s->work.done = held;
    s->phase = ASK_PREPARING;
    int e = core_work_submit(s->ai->ask, &s->work);
    if (e)
        held(&s->work, e);
}

bool ask_holds(const struct ai_ask_state *s)
{
    return s->hold.id[0] || s->paid_microusd > 0;
}

int64_t ask_cost(const struct ai_ask_state *s)
{
    return s->paid_microusd + s->hold.real.microusd;
}

void ask_settle(const struct ai_ask_state *s, struct store_batch *batch)
{
    account_spend_settle(batch, s->hold.id, &s->hold.real);
}
