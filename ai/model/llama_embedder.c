/*
 * llama_embedder.c: text to unit vectors by llama.cpp (see embedder.h).
 *
 * Texts are packed into calls of at most AI_LIMIT_EMBED_BATCH tokens, each text its own sequence; the
 * model pools a vector for each. Weights, contexts and the count of users are under one mutex, which
 * is held while weights load (whoever comes meanwhile needs them too) but never while the model
 * computes: a slot's context belongs to the thread that uses the slot.
 */
#include "ai/model/embedder.h"

#include "ai/model/llama_runtime.h"
#include "ai/model/windows.h"
#include "core/err.h"
#include "core/limits.h"
#include "core/mem.h"

#include <assert.h>
#include <llama.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>

struct slot {
    struct llama_context *context;
    struct llama_batch batch; /* AI_LIMIT_EMBED_BATCH tokens; lives as long as context */
    llama_token *tokens;
};

struct ai_embedder {
    const struct core_env *env;
    char *program, *path, *name;
    char *prefix[2]; /* by enum ai_embed_kind */
    unsigned dimensions, window_tokens, slot_count, threads, idle_s;
    pthread_mutex_t lock;
    struct llama_model *model; /* NULL: not in memory */
    unsigned users;
    uint64_t used_ms;
    struct slot *slots;
};

enum { TOKENS_MAX = AI_LIMIT_EMBED_TEXT + 16 }; /* a token has at least one byte */

struct ai_embedder *ai_embedder_new(const struct ai_embedder_options *options)
{
    assert(options->slots > 0 && options->threads > 0 && options->window_tokens > 8);
    assert(options->window_tokens + AI_LIMIT_EMBED_TITLE_TOKENS <= AI_LIMIT_EMBED_BATCH);
    struct ai_embedder *e = core_alloc(sizeof *e);
    e->env = options->env;
    e->program = core_strdup(core_str(options->program));
    e->path = core_strdup(core_str(options->path));
    e->name = core_strdup(core_str(options->name));
    e->prefix[AI_EMBED_QUERY] = core_strdup(core_str(options->query_prefix));
    e->prefix[AI_EMBED_PASSAGE] = core_strdup(core_str(options->passage_prefix));
    e->dimensions = options->dimensions;
    e->window_tokens = options->window_tokens;
    e->slot_count = options->slots;
    e->threads = options->threads;
    e->idle_s = options->idle_s;
    e->slots = core_alloc_array(e->slot_count, sizeof *e->slots);
    pthread_mutex_init(&e->lock, NULL);
    return e;
}

static void unload(struct ai_embedder *e)
{
    for (unsigned i = 0; i < e->slot_count; i++) {
        struct slot *slot = &e->slots[i];
        if (slot->context) {
            llama_free(slot->context);
            llama_batch_free(slot->batch);
            free(slot->tokens);
        }
        *slot = (struct slot){0};
    }
    llama_model_free(e->model);
    e->model = NULL;
}

void ai_embedder_free(struct ai_embedder *e)
{
    if (!e)
        return;
    assert(e->users == 0);
    if (e->model)
        unload(e);
    pthread_mutex_destroy(&e->lock);
    free(e->program);
    free(e->path);
    free(e->name);
    free(e->prefix[0]);
    free(e->prefix[1]);
    free(e->slots);
    free(e);
}

const char *ai_embedder_name(const struct ai_embedder *e)
{
    return e->name;
}

unsigned ai_embedder_dimensions(const struct ai_embedder *e)
{
    return e->dimensions;
}

int ai_embedder_check(const struct ai_embedder *e, char *why, size_t why_cap)
{
    return ai_llama_check(e->path, why, why_cap);
}

/* --- Holding the weights ---------------------------------------------------------------------- */

/* A model of another width, without pooling, or that generates is the wrong file. */
static bool fits(const struct ai_embedder *e, const struct llama_model *model)
{
    return llama_model_n_embd(model) == (int32_t)e->dimensions &&
           llama_model_n_ctx_train(model) >=
               (int32_t)(e->window_tokens + AI_LIMIT_EMBED_TITLE_TOKENS);
}

static int acquire(struct ai_embedder *e)
{
    int err = 0;
    pthread_mutex_lock(&e->lock);
    if (!e->model) {
        struct llama_model *model;
        err = ai_llama_load(e->program, e->path, NULL, &model);
        if (err == 0 && !fits(e, model)) {
            llama_model_free(model);
            err = CORE_ECORRUPT;
        }
        if (err == 0)
            e->model = model;
    }
    if (err == 0)
        e->users++;
    pthread_mutex_unlock(&e->lock);
    return err;
}

static void release(struct ai_embedder *e)
{
    uint64_t now = core_mono_ms(e->env);
    pthread_mutex_lock(&e->lock);
    assert(e->users > 0);
    e->users--;
    e->used_ms = now;
    pthread_mutex_unlock(&e->lock);
}

void ai_embedder_reap(struct ai_embedder *e)
{
    uint64_t now = core_mono_ms(e->env);
    pthread_mutex_lock(&e->lock);
    if (e->model && e->users == 0 && now >= e->used_ms && now - e->used_ms >= e->idle_s * 1000ull)
        unload(e);
    pthread_mutex_unlock(&e->lock);
}

static int open_slot(struct ai_embedder *e, struct slot *slot)
{
    if (slot->context)
        return 0;
    struct llama_context_params params = llama_context_default_params();
    params.n_ctx = params.n_batch = params.n_ubatch = AI_LIMIT_EMBED_BATCH;
    params.n_seq_max = AI_LIMIT_EMBED_SEQUENCES;
    params.kv_unified = true;
    params.n_threads = params.n_threads_batch = (int32_t)e->threads;
    params.embeddings = true;
    params.no_perf = true;
    struct llama_context *context = llama_init_from_model(e->model, params);
    if (!context)
        return CORE_ENOMEM;
    enum llama_pooling_type pooling = llama_pooling_type(context);
    if (pooling == LLAMA_POOLING_TYPE_NONE || pooling == LLAMA_POOLING_TYPE_RANK) {
        llama_free(context);
        return CORE_ECORRUPT;
    }
    slot->context = context;
    slot->batch = llama_batch_init(AI_LIMIT_EMBED_BATCH, 0, 1);
    slot->tokens = core_alloc_array(TOKENS_MAX, sizeof *slot->tokens);
    return 0;
}

/* --- Embedding -------------------------------------------------------------------------------- */

/* Tokens of prefix + text in slot->tokens, cut to what one text may have: the closing mark stays. */
static int tokenize(struct ai_embedder *e, struct slot *slot, const char *prefix,
                    struct core_str text, size_t *ret_count)
{
    const struct llama_vocab *vocab = llama_model_get_vocab(e->model);
    char joined[AI_LIMIT_EMBED_TEXT];
    size_t prefix_len = strlen(prefix);
    if (prefix_len >= sizeof joined)
        return CORE_ETOOBIG;
    size_t len = core_utf8_cut(text, sizeof joined - prefix_len);
    memcpy(joined, prefix, prefix_len);
    memcpy(joined + prefix_len, text.ptr, len);
    int32_t n;
    /* Normalization can turn three bytes into eighteen letters: then fewer bytes fill the window. */
    for (;; len = core_utf8_cut(text, len / 2)) {
        n = llama_tokenize(vocab, joined, (int32_t)(prefix_len + len), slot->tokens, TOKENS_MAX,
                           true, false);
        if (n >= 0)
            break;
        if (len == 0)
            return CORE_ETOOBIG;
    }
    size_t most = e->window_tokens + AI_LIMIT_EMBED_TITLE_TOKENS;
    if ((size_t)n > most) {
        slot->tokens[most - 1] = slot->tokens[n - 1];
        n = (int32_t)most;
    }
    *ret_count = (size_t)n;
    return 0;
}

/* An empty text pools over nothing in some models; then its vector stays zero. */
static void copy_unit(const float *from, unsigned dimensions, float *to)
{
    double square = 0;
    for (unsigned i = 0; i < dimensions; i++)
        square += (double)from[i] * from[i];
    double scale = square > 0 && isfinite(square) ? 1 / sqrt(square) : 0;
    for (unsigned i = 0; i < dimensions; i++)
        to[i] = scale > 0 ? (float)(from[i] * scale) : 0;
}

/* Computes the call that is packed in slot->batch; vectors of its sequences go to `to`. */
static int compute(struct ai_embedder *e, struct slot *slot, size_t sequences, float *to)
{
    /* Encoders keep nothing between calls; decoders used for embedding have a memory to empty. */
    llama_memory_t memory = llama_get_memory(slot->context);
    if (memory)
        llama_memory_clear(memory, false);
    if ((memory ? llama_decode : llama_encode)(slot->context, slot->batch) != 0)
        return CORE_ENOMEM;
    for (size_t s = 0; s < sequences; s++) {
        const float *pooled = llama_get_embeddings_seq(slot->context, (llama_seq_id)s);
        if (!pooled)
            return CORE_EINTERNAL;
        copy_unit(pooled, e->dimensions, to + s * e->dimensions);
    }
    slot->batch.n_tokens = 0;
    return 0;
}

static void pack(struct slot *slot, size_t tokens, size_t sequence)
{
    struct llama_batch *b = &slot->batch;
    for (size_t i = 0; i < tokens; i++) {
        int32_t at = b->n_tokens++;
        b->token[at] = slot->tokens[i];
        b->pos[at] = (llama_pos)i;
        b->n_seq_id[at] = 1;
        b->seq_id[at][0] = (llama_seq_id)sequence;
        b->logits[at] = 1;
    }
}

static int run(struct ai_embedder *e, struct slot *slot, const char *prefix,
               const struct core_str *texts, size_t count, float *vectors)
{
    int err = open_slot(e, slot);
    if (err)
        return err;
    size_t first = 0; /* of the call being packed */
    slot->batch.n_tokens = 0;
    for (size_t i = 0; i < count; i++) {
        size_t tokens;
        err = tokenize(e, slot, prefix, texts[i], &tokens);
        if (err)
            return err;
        if (tokens == 0) /* a vocabulary without marks: embed its padding rather than nothing */
            slot->tokens[tokens++] = 0;
        if (slot->batch.n_tokens + tokens > AI_LIMIT_EMBED_BATCH ||
            i - first == AI_LIMIT_EMBED_SEQUENCES) {
            err = compute(e, slot, i - first, vectors + first * e->dimensions);
            if (err)
                return err;
            first = i;
        }
        pack(slot, tokens, i - first);
    }
    return count > first ? compute(e, slot, count - first, vectors + first * e->dimensions) : 0;
}

int ai_embedder_run(struct ai_embedder *e, unsigned slot, enum ai_embed_kind kind,
                    const struct core_str *texts, size_t count, float *ret_vectors)
{
    assert(slot < e->slot_count);
    if (count == 0)
        return 0;
    /* Filled aside, so that a failure in the middle leaves the caller's memory untouched. */
    float *vectors = core_try_alloc(count * e->dimensions * sizeof *vectors);
    if (!vectors)
        return CORE_ENOMEM;
    int err = acquire(e);
    if (err == 0) {
        err = run(e, &e->slots[slot], e->prefix[kind], texts, count, vectors);
        release(e);
    }
    if (err == 0)
        memcpy(ret_vectors, vectors, count * e->dimensions * sizeof *vectors);
    free(vectors);
    return err;
}

/* --- Windows ---------------------------------------------------------------------------------- */

struct counting {
    struct ai_embedder *embedder;
    struct slot *slot;
};

static size_t count_piece(void *arg, struct core_str piece)
{
    struct counting *c = arg;
    if (piece.len > AI_LIMIT_EMBED_TEXT)
        return piece.len;
    int32_t n = llama_tokenize(llama_model_get_vocab(c->embedder->model), piece.ptr,
                               (int32_t)piece.len, c->slot->tokens, TOKENS_MAX, false, false);
    return n < 0 ? piece.len : (size_t)n;
}

ssize_t ai_embedder_windows(struct ai_embedder *e, unsigned slot, struct core_str text,
                            size_t (*ret_windows)[2], size_t cap)
{
    assert(slot < e->slot_count);
    if (text.len > AI_LIMIT_EMBED_SPLIT)
        return CORE_ETOOBIG;
    int err = acquire(e);
    if (err)
        return err;
    struct counting counting = {e, &e->slots[slot]};
    err = open_slot(e, counting.slot);
    size_t windows = 0;
    if (err == 0) {
        /* The marks of beginning and end, and the prefix, take their part of the window. */
        size_t taken = count_piece(&counting, core_str(e->prefix[AI_EMBED_PASSAGE])) + 2;
        size_t room = e->window_tokens > taken ? e->window_tokens - taken : 1;
        windows = ai_windows_cut(text, room, count_piece, &counting, ret_windows, cap);
    }
    release(e);
    return err ? err : (ssize_t)windows;
}
