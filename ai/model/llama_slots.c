/*
 * llama_slots.c: turns of generation (see llama_slots.h).
 *
 *     tokens of a slot:  | prompt ………………………………………… | generated …… |
 *                        | exact: whole pieces | rest |
 *                        | done: computed, in the attention memory …  |
 *
 * A slot first computes its prompt piece by piece (done < prompt), then every turn the one token
 * that was drawn last. When it ends, the tokens of its whole pieces stay in the attention memory
 * for the next prompt that begins alike.
 */
#include "ai/model/llama_slots.h"

#include "ai/model/llama_prompt.h"
#include "ai/model/llama_runtime.h"
#include "ai/model/sampler.h"
#include "ai/model/stream.h"
#include "core/err.h"
#include "core/limits.h"
#include "core/mem.h"

#include <assert.h>
#include <ggml-cpu.h>
#include <llama.h>
#include <stdlib.h>

enum {
    PIECE = AI_LIMIT_PROMPT_PIECE,
    PIECE_BYTES = 512,
    /* Tokens generated between two pieces of prompt: readers see text flow while somebody's prompt
     * is computed, which takes about an eighth longer for it. */
    STEPS = 4
};

struct slot {
    void *job; /* NULL: free */
    llama_token *tokens;
    size_t prompt, count; /* tokens of the prompt; with the generated ones */
    size_t done;
    size_t exact;
    size_t tokens_max;
    uint64_t used; /* turn in which it ended: the oldest free slot gives way */
    struct ai_sampler sampler;
    struct ai_stream stream;
    struct core_buf out;
};

struct ai_llama_slots {
    struct ai_llama_slots_options options;
    struct llama_model *model;
    struct llama_context *context;
    struct ggml_threadpool *pool; /* NULL with one thread */
    struct ai_llama_prompter *prompter;
    struct llama_batch batch;
    llama_token *scratch; /* a prompt before it has a slot, and the sampler's */
    size_t context_tokens, vocab_tokens;
    unsigned count, busy;
    unsigned next_prompt; /* rotation */
    uint64_t turn;
    struct slot *slots;
};

/* --- Loading ---------------------------------------------------------------------------------- */

static bool on_abort(void *arg)
{
    return atomic_load((atomic_bool *)arg);
}

static int open_context(struct ai_llama_slots *s)
{
    size_t trained = (size_t)llama_model_n_ctx_train(s->model);
    s->context_tokens = s->options.context_tokens;
    if (trained > 0 && s->context_tokens > trained)
        s->context_tokens = trained;
    struct llama_context_params params = llama_context_default_params();
    params.n_ctx = (uint32_t)((s->context_tokens + 255) / 256 * 256 * s->count);
    params.n_batch = params.n_ubatch = PIECE * 2;
    params.n_seq_max = s->count;
    params.kv_unified = false;
    params.n_outputs_max = s->count;
    params.n_threads = params.n_threads_batch = (int32_t)s->options.threads;
    params.abort_callback = on_abort;
    params.abort_callback_data = s->options.stop;
    params.no_perf = true;
    s->context = llama_init_from_model(s->model, params);
    if (!s->context)
        return CORE_ENOMEM;
    if (s->options.threads > 1) {
        /* Without a pool of its own llama.cpp starts threads for every token. */
        struct ggml_threadpool_params pool = ggml_threadpool_params_default(
            (int)s->options.threads);
        s->pool = ggml_threadpool_new(&pool);
        if (s->pool)
            llama_attach_threadpool(s->context, s->pool, s->pool);
    }
    return 0;
}

int ai_llama_slots_new(const struct ai_llama_slots_options *options, struct ai_llama_slots **ret)
{
    assert(options->slots > 0 && options->slots <= PIECE && options->threads > 0);
    struct ai_llama_slots *s = core_alloc(sizeof *s);
    s->options = *options;
    s->count = options->slots;
    int err = ai_llama_load(options->program, options->path, options->stop, &s->model);
    /* An embedding model is a GGUF too. */
    if (err == 0 && (!llama_model_has_decoder(s->model) || llama_model_has_encoder(s->model)))
        err = CORE_ECORRUPT;
    if (err == 0)
        err = open_context(s);
    if (err == 0 && !llama_get_memory(s->context))
        err = CORE_ECORRUPT;
    if (err) {
        ai_llama_slots_free(s);
        return err;
    }
    s->prompter = ai_llama_prompter_new(s->model);
    s->vocab_tokens = (size_t)llama_vocab_n_tokens(llama_model_get_vocab(s->model));
    size_t scratch = s->vocab_tokens > s->context_tokens ? s->vocab_tokens : s->context_tokens;
    s->scratch = core_alloc_array(scratch, sizeof *s->scratch);
    s->batch = llama_batch_init(PIECE * 2, 0, 1);
    s->slots = core_alloc_array(s->count, sizeof *s->slots);
    for (unsigned i = 0; i < s->count; i++) {
        s->slots[i].tokens = core_alloc_array(s->context_tokens, sizeof(llama_token));
        core_buf_init(&s->slots[i].out, AI_LIMIT_STREAM_HELD * 4);
    }
    *ret = s;
    return 0;
}

void ai_llama_slots_free(struct ai_llama_slots *s)
{
    if (!s)
        return;
    for (unsigned i = 0; s->slots && i < s->count; i++) {
        if (s->slots[i].job)
            ai_stream_done(&s->slots[i].stream);
        core_buf_done(&s->slots[i].out);
        free(s->slots[i].tokens);
    }
    if (s->slots)
        llama_batch_free(s->batch);
    free(s->slots);
    free(s->scratch);
    ai_llama_prompter_free(s->prompter);
    if (s->context)
        llama_free(s->context);
    if (s->pool)
        ggml_threadpool_free(s->pool);
    if (s->model)
        llama_model_free(s->model);
    free(s);
}

bool ai_llama_slots_full(const struct ai_llama_slots *s)
{
    return s->busy == s->count;
}

bool ai_llama_slots_idle(const struct ai_llama_slots *s)
{
    return s->busy == 0;
}

const struct llama_vocab *ai_llama_slots_vocab(const struct ai_llama_slots *s)
{
    return llama_model_get_vocab(s->model);
}

/* --- Beginning and ending --------------------------------------------------------------------- */

static llama_seq_id sequence(const struct ai_llama_slots *s, const struct slot *slot)
{
    return (llama_seq_id)(slot - s->slots);
}

/* How many tokens of a free slot's memory a prompt may take over: whole pieces, and so that at
 * least one whole piece is left to compute (a shorter one would be rounded otherwise). */
static size_t reusable(const struct slot *slot, const llama_token *prompt, size_t count)
{
    size_t most = count < PIECE ? 0 : count - PIECE;
    if (most > slot->exact)
        most = slot->exact;
    size_t same = 0;
    while (same < most && slot->tokens[same] == prompt[same])
        same++;
    return same / PIECE * PIECE;
}

/* The free slot that can lend most, among equals the one unused for longest. */
static struct slot *choose(struct ai_llama_slots *s, size_t count, size_t *ret_reused)
{
    struct slot *chosen = NULL;
    size_t best = 0;
    for (unsigned i = 0; i < s->count; i++) {
        struct slot *slot = &s->slots[i];
        if (slot->job)
            continue;
        size_t reused = reusable(slot, s->scratch, count);
        if (!chosen || reused > best || (reused == best && slot->used < chosen->used)) {
            chosen = slot;
            best = reused;
        }
    }
    assert(chosen);
    *ret_reused = best;
    return chosen;
}

static int open_stream(const struct ai_llama_slots *s, const struct ai_generate *request,
                       struct ai_stream *stream)
{
    ai_stream_init(stream);
    int err = ai_stream_add_stop(stream, ai_llama_prompter_stop(s->prompter));
    for (size_t i = 0; i < request->stop_count && err == 0; i++)
        err = ai_stream_add_stop(stream, request->stops[i]);
    return err;
}

int ai_llama_slots_start(struct ai_llama_slots *s, const struct ai_generate *request, void *job)
{
    size_t count, reused;
    int err = ai_llama_prompt(s->prompter, request->messages, request->message_count, s->scratch,
                              s->context_tokens, &count);
    if (err)
        return err;
    if (count == 0 || count >= s->context_tokens) /* no room for a token of answer */
        return count ? CORE_ETOOBIG : CORE_EINVAL;
    struct slot *slot = choose(s, count, &reused);
    err = open_stream(s, request, &slot->stream);
    if (err) {
        ai_stream_done(&slot->stream);
        return err;
    }
    llama_memory_t memory = llama_get_memory(s->context);
    if (!llama_memory_seq_rm(memory, sequence(s, slot), (llama_pos)reused, -1)) {
        /* Recurrent models cannot forget a part: begin at the beginning. */
        llama_memory_seq_rm(memory, sequence(s, slot), -1, -1);
        reused = 0;
    }
    memcpy(slot->tokens, s->scratch, count * sizeof *slot->tokens);
    slot->job = job;
    slot->prompt = slot->count = count;
    slot->done = slot->exact = reused;
    slot->tokens_max = s->context_tokens - count;
    if (request->tokens_max < slot->tokens_max)
        slot->tokens_max = request->tokens_max;
    ai_sampler_init(&slot->sampler, request->temperature, request->top_p, request->repeat_penalty,
                    request->seed);
    core_buf_clear(&slot->out);
    s->busy++;
    return 0;
}

/* finish: "stop" or "length" with status 0. */
static void end(struct ai_llama_slots *s, struct slot *slot, int status, const char *finish)
{
    struct ai_usage usage = {.tokens_in = (unsigned)slot->prompt,
                             .tokens_out = (unsigned)(slot->count - slot->prompt),
                             .finish = finish};
    void *job = slot->job;
    slot->job = NULL;
    slot->used = s->turn;
    ai_stream_done(&slot->stream);
    s->busy--;
    s->options.on_end(s->options.arg, job, status, &usage);
}

/* After a call that failed midway nobody knows what the memory holds. */
static void fail(struct ai_llama_slots *s, struct slot *slot)
{
    llama_memory_seq_rm(llama_get_memory(s->context), sequence(s, slot), -1, -1);
    slot->exact = 0;
    end(s, slot, atomic_load(s->options.stop) ? CORE_ECANCELLED : CORE_EINTERNAL, "stop");
}

void ai_llama_slots_sweep(struct ai_llama_slots *s, bool (*cancelled)(void *arg, void *job))
{
    for (unsigned i = 0; i < s->count; i++)
        if (s->slots[i].job && cancelled(s->options.arg, s->slots[i].job))
            end(s, &s->slots[i], CORE_ECANCELLED, "stop");
}

/* --- A turn ----------------------------------------------------------------------------------- */

static void put(struct ai_llama_slots *s, const struct slot *slot, size_t at, bool wanted)
{
    struct llama_batch *b = &s->batch;
    int32_t i = b->n_tokens++;
    b->token[i] = slot->tokens[at];
    b->pos[i] = (llama_pos)at;
    b->n_seq_id[i] = 1;
    b->seq_id[i][0] = sequence(s, slot);
    b->logits[i] = wanted;
}

/* Shows a drawn token; 1 when a stop string came. */
static int show(struct ai_llama_slots *s, struct slot *slot, llama_token token)
{
    char piece[PIECE_BYTES];
    int32_t n = llama_token_to_piece(llama_model_get_vocab(s->model), token, piece, sizeof piece, 0,
                                     false);
    if (n < 0) /* a token longer than any word: nothing to show */
        n = 0;
    int stopped = ai_stream_feed(&slot->stream, core_strn(piece, (size_t)n), &slot->out);
    if (slot->out.len > 0)
        s->options.on_text(s->options.arg, slot->job, &slot->out);
    return stopped;
}

/* The answer is complete: what was held back goes out too. */
static void end_well(struct ai_llama_slots *s, struct slot *slot, const char *finish)
{
    ai_stream_end(&slot->stream, &slot->out);
    if (slot->out.len > 0)
        s->options.on_text(s->options.arg, slot->job, &slot->out);
    end(s, slot, 0, finish);
}

/* Draws the next token of a slot from output `row` of the last call. */
static void draw(struct ai_llama_slots *s, struct slot *slot, int32_t row)
{
    float *logits = llama_get_logits_ith(s->context, row);
    if (!logits) {
        fail(s, slot);
        return;
    }
    llama_token token = ai_sampler_next(&slot->sampler, logits, s->vocab_tokens, s->scratch);
    if (llama_vocab_is_eog(llama_model_get_vocab(s->model), token)) {
        end_well(s, slot, "stop");
        return;
    }
    slot->tokens[slot->count++] = token;
    int stopped = show(s, slot, token);
    if (stopped < 0)
        end(s, slot, stopped, "stop");
    else if (stopped)
        end(s, slot, 0, "stop");
    else if (slot->count - slot->prompt == slot->tokens_max)
        end_well(s, slot, "length");
}

static bool generating(const struct slot *slot)
{
    return slot->job && slot->done >= slot->prompt;
}

/* False when nobody generates. */
static bool generate(struct ai_llama_slots *s)
{
    struct slot *rows[PIECE];
    s->batch.n_tokens = 0;
    for (unsigned i = 0; i < s->count; i++)
        if (generating(&s->slots[i])) {
            rows[s->batch.n_tokens] = &s->slots[i];
            put(s, &s->slots[i], s->slots[i].done, true);
        }
    int32_t n = s->batch.n_tokens;
    if (n == 0)
        return false;
    bool ok = llama_decode(s->context, s->batch) == 0;
    for (int32_t i = 0; i < n; i++) {
        if (!ok) {
            fail(s, rows[i]);
            continue;
        }
        rows[i]->done++;
        draw(s, rows[i], i);
    }
    return true;
}

/* The next slot in rotation whose prompt is not computed yet, or NULL. */
static struct slot *next_prompt(struct ai_llama_slots *s)
{
    for (unsigned i = 0; i < s->count; i++) {
        struct slot *slot = &s->slots[(s->next_prompt + i) % s->count];
        if (slot->job && !generating(slot)) {
            s->next_prompt = (unsigned)(slot - s->slots) + 1;
            return slot;
        }
    }
    return NULL;
}

static void compute_piece(struct ai_llama_slots *s, struct slot *slot)
{
    size_t left = slot->prompt - slot->done;
    bool last = left < PIECE * 2;
    size_t n = last ? left : PIECE;
    s->batch.n_tokens = 0;
    for (size_t i = 0; i < n; i++)
        put(s, slot, slot->done + i, last && i + 1 == n);
    if (llama_decode(s->context, s->batch) != 0) {
        fail(s, slot);
        return;
    }
    slot->done += n;
    if (last)
        draw(s, slot, (int32_t)n - 1);
    else
        slot->exact = slot->done;
}

void ai_llama_slots_turn(struct ai_llama_slots *s)
{
    s->turn++;
    struct slot *slot = next_prompt(s);
    for (int step = slot ? STEPS : 1; step > 0 && generate(s); step--)
        ;
    if (slot)
        compute_piece(s, slot);
}
