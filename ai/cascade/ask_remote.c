/*
 * ask_remote.c: L3: one provider after the other in the order of preference, each with a few
 * tries, until one answers. Another try is only made while nobody has seen any of the answer.
 *
 *     ready? ─► held for? ─► call ─► text … ─► whole: done
 *       │no        │no: hold      └─► failed: pause, again ─► the next one ─► L2, the passage, or an error
 *       └► full: wait in the queue; away (breaker, Retry-After): the next one
 */
#include "ai/cascade/ask_remote.h"

#include "ai/cascade/cascade.h"
#include "ai/text/text.h"
#include "core/err.h"

static const struct ai_remote_choice *choice_of(const struct ai_ask_state *s)
{
    return &s->remote->choices[s->choice];
}

bool ask_remote_possible(const struct ai_ask_state *s)
{
    return s->level_max >= 3 && s->remote && s->choice < s->remote->choice_count;
}

/* What this choice may write; 0: the messages do not fit it. */
static unsigned output_of(const struct ai_ask_state *s, const struct ai_remote_choice *c)
{
    bool free_length = s->ask->mode == AI_ASK_MODEL && !s->ask->tokens_max;
    return ai_remote_output(c, s->messages, s->message_count, free_length ? 0 : ask_tokens_max(s));
}

struct account_cost ask_remote_worst(const struct ai_ask_state *s)
{
    const struct ai_remote_choice *c = choice_of(s);
    return ai_remote_worst(c, s->messages, s->message_count, output_of(s, c));
}

void ask_remote_look(struct ai_ask_state *s)
{
    s->remote = ai_remote_ref(s->ai);
    for (size_t i = 0; s->remote && i < s->remote->choice_count; i++) {
        if (ai_remote_ready(s->ai, &s->remote->choices[i]) == AI_REMOTE_READY) {
            s->choice = i;
            return;
        }
    }
}

/* --- When all have failed --------------------------------------------------------------------- */

/* For the client: what it may do about it, not what is wrong between us and a provider. */
static int err_for_client(int status)
{
    switch (status) {
    case CORE_EINVAL:
    case CORE_ETOOBIG:
    case CORE_ETIMEOUT:
    case CORE_ECANCELLED:
        return status;
    case 0:
    case CORE_ELIMIT:
    case CORE_EBUSY:
        return CORE_EBUSY;
    default:
        return CORE_ENET;
    }
}

static void give_up(struct ai_ask_state *s)
{
    bool documents = s->ask->mode == AI_ASK_DOCUMENTS;
    s->choice = s->remote->choice_count;
    s->escalate = false;
    s->cacheable = false; /* what stands in holds until they are back */
    if (documents) {
        ask_finish_documents(s);
    } else if (s->ai->model && !s->local_failed && ask_forget(s)) {
        s->level_next = 2;
        s->worst = ask_local_worst(s);
        ask_hold_then_generate(s);
    } else {
        s->text = core_strn(s->generated.ptr ? s->generated.ptr : "", s->emitted);
        ask_finish(s, err_for_client(s->remote_status));
    }
}

/* --- Calls ------------------------------------------------------------------------------------ */

/* What the last call will be billed. Where nobody told the tokens, those that are shown are
 * estimated from what was seen. */
static void bill(struct ai_ask_state *s, int status, const struct ai_usage *usage)
{
    const struct ai_remote_choice *c = choice_of(s);
    struct account_cost cost = ai_remote_bill(c, &s->generate, s->received, status, usage);
    s->hold.real.microusd += cost.microusd;
    s->hold.real.tokens += cost.tokens;
    if (usage->counted) {
        s->receipt.tokens_in = usage->tokens_in;
        s->receipt.tokens_out = usage->tokens_out;
    } else if (cost.tokens > 0) {
        s->receipt.tokens_in = 0;
        for (size_t i = 0; i < s->message_count; i++)
            s->receipt.tokens_in += (unsigned)ai_text_tokens(s->messages[i].text);
        s->receipt.tokens_out = (unsigned)ai_text_tokens(core_buf_str(&s->generated));
    }
    s->estimated = s->estimated || (cost.tokens > 0 && !usage->final);
}

static void hang_up(struct ai_ask_state *s)
{
    s->model->ops->cancel(s->model, &s->generate);
}

static void on_timer(void *arg)
{
    struct ai_ask_state *s = arg;
    if (s->phase == ASK_GENERATING) {
        hang_up(s);
        return;
    }
    s->phase = ASK_ANSWERING;
    ask_remote_generate(s);
}

static void start_timer(struct ai_ask_state *s, uint64_t ms)
{
    if (!s->timer)
        s->timer = core_timer_new(s->ai->loop, on_timer, s);
    core_timer_start(s->timer, ms, 0);
}

/* A random time, so that those who failed together do not come back together. */
static void pause_then_again(struct ai_ask_state *s, int64_t retry_after_s)
{
    uint32_t dice;
    uint64_t cap = (uint64_t)AI_REMOTE_PAUSE_MS << s->tries;
    s->ai->env->random(s->ai->env->ctx, &dice, sizeof dice);
    s->phase = ASK_WAITING;
    start_timer(s, (uint64_t)retry_after_s * 1000 + 1 + dice % cap);
}

static void failed(struct ai_ask_state *s, int status, const struct ai_usage *usage)
{
    s->remote_status = status;
    if (!ask_forget(s)) {
        give_up(s);
        return;
    }
    int64_t patience = usage && status == CORE_ELIMIT
                           ? (usage->retry_after_s ? usage->retry_after_s : 1)
                           : 0;
    s->tries++;
    if (ai_remote_again(status) && s->tries < AI_REMOTE_TRIES &&
        patience <= AI_REMOTE_RETRY_AFTER_S) {
        pause_then_again(s, patience);
        return;
    }
    s->tries = 0;
    s->choice++;
    ask_remote_generate(s);
}

static void on_done(struct ai_generate *request, int status, const struct ai_usage *usage)
{
    struct ai_ask_state *s = request->arg;
    const struct ai_remote_choice *c = choice_of(s);
    bool documents = s->ask->mode == AI_ASK_DOCUMENTS;
    int64_t first_ms = s->called_first_ns ? (int64_t)((s->called_first_ns - s->called_ns) / 1000000)
                                          : -1;
    s->phase = ASK_ANSWERING;
    if (s->timer)
        core_timer_stop(s->timer);
    bill(s, status, usage);
    ai_remote_end(s->ai, c, status, usage, first_ms);
    s->finish = usage->finish;
    if (s->cancelled) {
        s->text = core_strn(s->generated.ptr ? s->generated.ptr : "", s->emitted);
        s->answered = s->text.len > 0;
        ask_finish(s, CORE_ECANCELLED);
    } else if (documents && (!status || s->rejected)) {
        ask_check_rest(s, !s->rejected && strcmp(s->finish, "length") != 0);
        s->finish = "stop";
        s->escalate = false; /* what it said is not supported: nobody above says it better */
        ask_finish_documents(s);
    } else if (status) {
        failed(s, status, usage);
    } else {
        s->text = core_buf_str(&s->generated);
        s->answered = true;
        if (!strcmp(s->finish, "length"))
            s->receipt.why_stopped = "length";
        ask_finish(s, 0);
    }
}

static bool held_for(const struct ai_ask_state *s, const struct account_cost *worst)
{
    const struct ask_hold *h = &s->hold;
    return h->level == 3 && h->held.microusd - h->real.microusd >= worst->microusd &&
           h->held.tokens - h->real.tokens >= worst->tokens;
}

static void call(struct ai_ask_state *s)
{
    const struct ai_remote_choice *c = choice_of(s);
    s->model = c->provider->models[c->model];
    ask_request(s, output_of(s, c));
    s->generate.on_done = on_done;
    s->receipt.level = 3;
    s->receipt.why_stopped = "model";
    s->provider = s->model->ops->provider(s->model);
    s->called_ns = core_mono_ns(s->ai->env);
    s->called_first_ns = 0;
    s->received = 0;
    s->phase = ASK_GENERATING;
    ai_remote_begin(s->ai, c);
    int e = s->model->ops->generate(s->model, &s->generate);
    if (e) {
        s->phase = ASK_ANSWERING;
        ai_remote_end(s->ai, c, e, NULL, -1);
        failed(s, e, NULL);
    }
}

static void queue(struct ai_ask_state *s)
{
    struct ai_remote *remote = s->ai->remote;
    s->phase = ASK_WAITING;
    s->next_waiting = NULL;
    *remote->waiting_end = s;
    remote->waiting_end = &s->next_waiting;
    remote->waiting_count++;
}

void ask_remote_generate(struct ai_ask_state *s)
{
    bool full = false;
    s->level_next = 3;
    for (size_t i = s->choice; i < s->remote->choice_count; i++) {
        const struct ai_remote_choice *c = &s->remote->choices[i];
        if (!output_of(s, c)) {
            s->remote_status = CORE_ETOOBIG;
            continue;
        }
        enum ai_remote_ready ready = ai_remote_ready(s->ai, c);
        full = full || ready == AI_REMOTE_FULL;
        if (ready != AI_REMOTE_READY)
            continue;
        s->tries = i == s->choice ? s->tries : 0;
        s->choice = i;
        s->worst = ask_remote_worst(s);
        if (held_for(s, &s->worst))
            call(s);
        else
            ask_hold_then_generate(s);
        return;
    }
    if (full)
        queue(s);
    else
        give_up(s);
}

void ask_remote_left(struct ai_ask_state *s)
{
    if (choice_of(s)->provider->data.stop_tokens != ACCOUNT_UNLIMITED && !s->generate.whole)
        hang_up(s);
    else
        start_timer(s, AI_REMOTE_LEFT_MS);
}

void ask_remote_unqueue(struct ai_ask_state *s)
{
    struct ai_remote *remote = s->ai->remote;
    if (s->timer)
        core_timer_stop(s->timer);
    for (struct ai_ask_state **at = &remote->waiting; *at; at = &(*at)->next_waiting) {
        if (*at == s) {
            *at = s->next_waiting;
            if (remote->waiting_end == &s->next_waiting)
                remote->waiting_end = at;
            remote->waiting_count--;
            return;
        }
    }
}

/* Each once at most: who finds all full again goes to the end. A call that one of them begins may
 * end at once, which comes back here: then the outer round goes on with who is left. */
void ask_remote_wake(struct ai *ai, const struct ai_remote_choice *ended)
{
    struct ai_remote *remote = ai->remote;
    size_t count = remote->waiting_count;
    if (remote->waking)
        return;
    remote->waking = true;
    while (count-- > 0 && remote->waiting && ai_remote_room(ai, ended)) {
        struct ai_ask_state *s = remote->waiting;
        ask_remote_unqueue(s);
        s->phase = ASK_ANSWERING;
        ask_remote_generate(s);
    }
    remote->waking = false;
}
