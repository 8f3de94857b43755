/*
 * cascade.c: questions on the loop: they start, are cancelled, answered, stored, done.
 */
#include "ai/cascade/cascade.h"

#include "ai/cascade/ask_remote.h"
#include "ai/cascade/gather.h"
#include "ai/cascade/receipt.h"
#include "core/err.h"
#include "core/limits.h"
#include "core/log.h"

#include <stdlib.h>

/* --- Events --------------------------------------------------------------------------------- */

static struct core_str id_str(const char *id)
{
    return core_strn(id, strlen(id));
}

static struct ai_answer view(struct ai_ask_state *s)
{
    for (size_t i = 0; i < s->citation_count; i++)
        s->sources[i] = s->citations[i].source;
    return (struct ai_answer){.conversation_id = id_str(s->conversation_id),
                              .message_id = id_str(s->message_id),
                              .user_message_id = id_str(s->user_message_id),
                              .text = s->text,
                              .answered = s->answered,
                              .kept = s->remembered && !s->refused,
                              .finish = s->finish,
                              .receipt = s->receipt,
                              .sources = s->sources,
                              .source_count = s->citation_count,
                              .read_as = s->found.read_as,
                              .read_as_count = s->found.read_as_count,
                              .broke = s->status == CORE_EBUDGET || s->receipt.skipped ? &s->broke
                                                                                       : NULL};
}

void ask_emit(struct ai_ask_state *s, struct core_str text)
{
    if (!text.len)
        return;
    if (!s->first_ns)
        s->first_ns = core_mono_ns(s->ai->env);
    if (s->ask->on_text && !s->cancelled)
        s->ask->on_text(s->ask, text);
}

static void emit_start(struct ai_ask_state *s)
{
    struct ai_answer answer = view(s);
    if (s->ask->on_start && !s->cancelled)
        s->ask->on_start(s->ask, &answer);
    if (s->ask->on_sources && !s->cancelled && s->citation_count)
        s->ask->on_sources(s->ask, s->sources, s->citation_count);
}

/* --- The end -------------------------------------------------------------------------------- */

static void release(struct ai_ask_state *s)
{
    struct ai_cascade *c = s->ai->cascade;
    if (s->prev)
        s->prev->next = s->next;
    else
        c->asks = s->next;
    if (s->next)
        s->next->prev = s->prev;
    c->count--;
    core_buf_done(&s->generated);
    core_timer_free(s->timer);
    ai_remote_unref(s->remote);
    core_pool_free(s->pool);
    if (c->spare_count == AI_LIMIT_ASK_SPARES) {
        free(s);
        return;
    }
    s->next = c->spares;
    c->spares = s;
    c->spare_count++;
}

static struct ai_ask_state *state_new(struct ai_cascade *c)
{
    struct ai_ask_state *s = c->spares;
    if (!s)
        return core_alloc(sizeof *s);
    c->spares = s->next;
    c->spare_count--;
    memset(s, 0, sizeof *s);
    return s;
}

static void report(struct ai_ask_state *s)
{
    struct ai_ask *ask = s->ask;
    struct ai_answer answer = view(s);
    ask->state = NULL;
    ask->on_done(ask, s->status, &answer);
    release(s);
}

static void log_refused(int status, const char *conversation_id)
{
    core_log(status == CORE_EMISMATCH ? CORE_LOG_INFO : CORE_LOG_ERROR, "ask.store",
             {"error", CORE_LOG_C(core_err_name(status))},
             {"conversation", CORE_LOG_C(conversation_id)});
}

static bool on_rest(struct core_rest *rest)
{
    struct ai_cascade *c = (struct ai_cascade *)rest;
    bool any = c->told != NULL;
    for (struct ai_ask_state *s; (s = c->told);) {
        c->told = s->next_told;
        report(s);
    }
    return any;
}

static void on_acked(void *arg, int status)
{
    struct ai_ask_state *s = arg;
    /* An answer is worth giving even when the disk is full. A conversation that was removed
     * meanwhile is nothing to worry about. */
    if (status < 0) {
        s->refused = true;
        log_refused(status, s->conversation_id);
    }
    s->pending--;
    if (s->phase == ASK_STORING && !s->pending)
        report(s);
}

/* Not what stands in for the local model when that failed: it may be well again. */
static bool worth_caching(const struct ai_ask_state *s)
{
    const struct ai_receipt *r = &s->receipt;
    return s->cacheable && (!s->local_failed || r->level > 2) && !s->status && !r->cached &&
           !s->cancelled &&
           (s->answered ? r->level >= 1 && s->citation_count > 0
                        : s->ask->mode == AI_ASK_DOCUMENTS && !s->early) &&
           strcmp(s->finish, "length") != 0;
}

static void add_cache(struct ai_ask_state *s, struct store_batch *batch)
{
    struct ai_receipt *r = &s->receipt;
    core_id_new(s->ai->env, r->cache_id);
    struct ai_cache_entry entry = {.text = s->text,
                                   .answered = s->answered,
                                   .generated = r->level >= 2,
                                   .confidence = r->confidence,
                                   .sources = s->citations,
                                   .source_count = s->citation_count};
    memcpy(entry.id, r->cache_id, sizeof entry.id);
    struct ai_cache_new put = {.key = &s->key,
                               .owner = s->ask->owner,
                               .question = s->question,
                               .entry = &entry,
                               .generation = s->generation,
                               .model = s->found.model,
                               .vector = s->found.vector,
                               .dimensions = s->found.dimensions};
    ai_cache_put(batch, s->ai->env, &put);
}

static void add_history(struct ai_ask_state *s, struct store_batch *batch)
{
    struct core_buf receipt;
    struct core_json_out o;
    struct ai_answer answer = view(s);
    core_buf_init(&receipt, AI_LIMIT_RECEIPT);
    core_json_out_init(&o, &receipt);
    ai_receipt_json(&o, NULL, &answer);
    if (!s->question_stored)
        ai_history_begin(batch, &s->turn);
    s->turn.at_ms = core_wall_ms(s->ai->env);
    if (!core_buf_error(&receipt))
        ai_history_end(batch, &s->turn, s->text, s->answered, core_buf_str(&receipt));
    core_buf_done(&receipt);
}

/* Lazy, when another batch follows at once, with which it shares a commit. */
static void store_answer(struct ai_ask_state *s, enum store_durability durability)
{
    bool cached = worth_caching(s);
    if (!cached && !s->remembered)
        return;
    struct store_batch *batch = store_batch_new(durability);
    if (cached)
        add_cache(s, batch);
    if (s->remembered)
        add_history(s, batch);
    s->pending++;
    store_write(s->ai->store, batch, on_acked, s);
}

/* A batch of its own: what was spent is spent, whether the answer can be kept or not. */
static void settle(struct ai_ask_state *s, const struct ai_telemetry_row *row)
{
    struct store_batch *batch = store_batch_new(STORE_RELAXED);
    ask_settle(s, batch);
    ai_telemetry_add(batch, s->ai->env, row);
    s->pending++;
    store_write(s->ai->store, batch, on_acked, s);
}

void ask_finish(struct ai_ask_state *s, int status)
{
    uint64_t now = core_mono_ns(s->ai->env);
    struct ai_receipt *r = &s->receipt;
    s->phase = ASK_STORING;
    s->status = status;
    r->node = s->ai->options.node;
    r->brand = ai_receipt_brand(r->level);
    r->latency_ms = (int64_t)((now - s->started_ns) / 1000000);
    r->first_token_ms = (int64_t)(((s->first_ns ? s->first_ns : now) - s->started_ns) / 1000000);
    if (status == CORE_ECANCELLED)
        r->why_stopped = "cancelled";
    else if (status < 0)
        r->why_stopped = status == CORE_EBUDGET ? "budget" : "error";
    if (status < 0 && core_err_http(status) >= 500) /* ours, not the client's */
        core_log(CORE_LOG_ERROR, "ask.failed", {"error", CORE_LOG_C(core_err_name(status))},
                 {"level", CORE_LOG_I(r->level)});
    bool documents = s->ask->mode == AI_ASK_DOCUMENTS;
    /* Nothing to remember of a question that failed before anything was said. */
    s->remembered = documents && !s->ask->trial && s->turn.message.len && (!status || s->text.len);
    /* What only counts, with no budget behind it, nobody waits for. */
    bool awaited = ask_holds(s) || s->remembered;
    r->cost_microusd = ask_cost(s);
    store_answer(s, awaited ? STORE_LAZY : STORE_RELAXED);
    const struct ai_telemetry_row row = {.owner = s->ask->owner,
                                         .route = s->ask->trial ? "preview"
                                                  : documents   ? "chat"
                                                                : "completions",
                                         .provider = s->provider,
                                         .answered = s->answered,
                                         .estimated = s->estimated,
                                         .receipt = r};
    if (awaited)
        settle(s, &row);
    else
        ai_gather_add(s->ai->cascade->gather, &row);
    ai_telemetry_count(&s->ai->cascade->series, r, s->answered);
    ai__recent_add(s->ai, r->level, r->latency_ms);
    if (!s->pending) {
        s->next_told = s->ai->cascade->told; /* never inside: the caller goes on with it */
        s->ai->cascade->told = s;
    }
}

/* --- The cascade ------------------------------------------------------------------------------ */

struct ai_cascade *ai_cascade_open(const struct ai *ai)
{
    struct ai_cascade *c = core_alloc(sizeof *c);
    c->gather = ai_gather_new(ai);
    c->rest.fn = on_rest;
    core_loop_rest(ai->loop, &c->rest);
    return c;
}

void ai_cascade_close(struct ai_cascade *c, struct core_loop *loop)
{
    if (!c)
        return;
    core_loop_rest_end(loop, &c->rest);
    ai_gather_free(c->gather);
    for (struct ai_ask_state *s; (s = c->spares);) {
        c->spares = s->next;
        free(s);
    }
    free(c);
}

/* --- From the pool back to the loop ----------------------------------------------------------- */

void ask_store_question(struct ai_ask_state *s)
{
    struct store_batch *batch = store_batch_new(STORE_RELAXED);
    ai_history_begin(batch, &s->turn);
    s->question_stored = true;
    s->pending++;
    store_write(s->ai->store, batch, on_acked, s);
}

static void prepared(struct core_work *work, int status)
{
    struct ai_ask_state *s = (struct ai_ask_state *)work;
    if (!status)
        status = s->status;
    if (!status && s->cancelled)
        status = CORE_ECANCELLED;
    if (status < 0) {
        ask_finish(s, status);
        return;
    }
    s->phase = ASK_ANSWERING;
    emit_start(s);
    if (s->verdict == ASK_GENERATE && !s->cancelled) {
        ask_generate(s);
        return;
    }
    if (s->verdict == ASK_ANSWER)
        ask_emit(s, s->text);
    ask_finish(s, s->cancelled ? CORE_ECANCELLED : 0);
}

/* --- Start and cancel ------------------------------------------------------------------------- */

static int check_inputs(const struct ai *ai, const struct ai_ask *ask)
{
    if (!ask->on_done || !ask->message_count || !ask->messages || !ask->model)
        return CORE_EINVAL;
    if (ask->stop_count > AI_GENERATE_STOPS)
        return CORE_EINVAL;
    const struct ai_message *last = &ask->messages[ask->message_count - 1];
    if (ask->mode == AI_ASK_DOCUMENTS) {
        if (ask->message_count != 1 || last->role != AI_USER)
            return CORE_EINVAL;
        if (!core_str_trim(last->text).len)
            return CORE_EINVAL;
    }
    if (ask->conversation_id.len && !core_id_valid(ask->conversation_id))
        return CORE_ENOTFOUND;
    if (ask->retry_of.len && (!core_id_valid(ask->retry_of) || !ask->conversation_id.len))
        return CORE_ENOTFOUND;
    size_t count;
    const struct ai_model_info *models = ai_models(ai, &count);
    for (size_t i = 0; i < count; i++)
        if (!strcmp(models[i].id, ask->model))
            return 0;
    return CORE_ENOTFOUND;
}

static bool nothing_known(const struct ai *ai)
{
    struct ai_knowledge k;
    ai_knowledge_now(ai, &k);
    return !k.chunks;
}

static void run_hold(struct core_work *work, unsigned worker)
{
    struct ai_ask_state *s = (struct ai_ask_state *)work;
    (void)worker;
    s->status = ask_hold_decided(s);
}

/* To the pool, unless nothing has to be looked up. */
static int begin(struct ai_ask_state *s)
{
    struct ai *ai = s->ai;
    if (s->ask->mode == AI_ASK_MODEL && ai->learner && nothing_known(ai)) {
        struct account_cost worst;
        s->status = ask_decide_alone(s);
        if (!s->status)
            worst = ask_worst(s);
        if (s->status || ask_hold_unbound(s, s->level_next, &worst)) {
            prepared(&s->work, 0);
            return 0;
        }
        s->work.run = run_hold;
    }
    return core_work_submit(ai->ask, &s->work);
}

int ai_ask_start(struct ai *ai, struct ai_ask *ask)
{
    int e = check_inputs(ai, ask);
    if (e < 0)
        return e;
    struct ai_cascade *c = ai->cascade;
    if (c->count >= AI_LIMIT_ASKS)
        return CORE_ELIMIT;
    struct ai_ask_state *s = state_new(c);
    s->ai = ai;
    s->ask = ask;
    s->pool = core_pool_new(AI_LIMIT_ASK_MEMORY);
    s->prompt = core_pool_str(s->pool, ask->prompt.len ? ask->prompt : core_str(ai->prompt.text));
    s->price = ai->price;
    s->started_ns = core_mono_ns(ai->env);
    s->work.run = ask_prepare;
    s->work.done = prepared;
    s->finish = "stop";
    s->provider = "none";
    s->receipt.why_stopped = "error";
    core_buf_init(&s->generated, AI_LIMIT_GENERATED);
    ask_remote_look(s);
    s->next = c->asks;
    if (c->asks)
        c->asks->prev = s;
    c->asks = s;
    c->count++;
    ask->state = s;
    e = begin(s);
    if (e < 0) {
        ask->state = NULL;
        release(s);
    }
    return e;
}

void ai_ask_cancel(struct ai *ai, struct ai_ask *ask)
{
    struct ai_ask_state *s = ask->state;
    (void)ai;
    if (!s || s->cancelled)
        return;
    if (s->phase == ASK_STORING)
        return; /* whole already; done is on its way */
    s->cancelled = true;
    if (s->phase == ASK_PREPARING)
        core_work_cancel(&s->work);
    else if (s->phase == ASK_GENERATING && s->level_next == 3)
        ask_remote_left(s);
    else if (s->phase == ASK_GENERATING)
        s->model->ops->cancel(s->model, &s->generate);
    else if (s->phase == ASK_WAITING) {
        ask_remote_unqueue(s);
        ask_finish(s, CORE_ECANCELLED);
    }
}
