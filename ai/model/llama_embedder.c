/*
 * llama_embedder.c: text to unit vectors by llama.cpp (see embedder.h).
 *
 * Texts are packed into calls of at most AI_LIMIT_EMBED_BATCH tokens, each text its own sequence;
 * the model pools a vector for each. Weights, contexts and the count of users are under one mutex,
 * which is held while weights load (whoever comes meanwhile needs them too) but never while the
 * model computes: a slot's context belongs to the thread that uses the slot.
 */
#include "ai/model/embedder.h"

#include "ai/model/llama_runtime.h"
#include "ai/model/windows.h"
#include "core/err.h"
#include "core/limits.h"
#include "core/log.h"
#include "core/mem.h"

#include <assert.h>
#include <llama.h>
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

struct slot {
    struct llama_context *context;
    bool averages;            /* the model's vector is the mean over tokens, made here */
    struct llama_batch batch; /* AI_LIMIT_EMBED_BATCH tokens; lives as long as context */
    llama_token *tokens;      /* of one text, … */
    int32_t *part_of;         /* … the part each is of, NO_PART, … */
    int32_t *packed_part;     /* … and the same for the tokens of the batch */
    atomic_bool stopped;
};

struct ai_embedder {
    atomic_bool loaded; /* what `model` says, without the lock */
    const struct core_env *env;
    char *program, *path, *name;
    char *prefix[2]; /* by enum ai_embed_kind */
    unsigned dimensions, window_tokens, slot_count, threads, idle_s;
    pthread_mutex_t lock;
    struct llama_model *model; /* NULL: not in memory */
    unsigned users;
    uint64_t used_ms;
    bool unfit; /* and told so */
    struct slot *slots;
};

enum { TOKENS_MAX = AI_LIMIT_EMBED_TEXT + 16 }; /* a token has at least one byte */
enum { NO_PART = -1 };

/* What one call of ai_embedder_run_parts() is about. */
struct job {
    const char *prefix;
    const struct core_str *texts;
    size_t count;
    const struct ai_embed_part *parts;
    size_t part_count, next_part; /* the first of the texts not yet tokenized */
    float *vectors, *sums;
};

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
            free(slot->part_of);
            free(slot->packed_part);
            slot->context = NULL;
        }
    }
    llama_model_free(e->model);
    e->model = NULL;
    atomic_store(&e->loaded, false);
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

bool ai_embedder_loaded(const struct ai_embedder *e)
{
    return atomic_load(&e->loaded);
}

/* --- Holding the weights ---------------------------------------------------------------------- */

/* A model of another width, or that sees too little at once, is the wrong file. Told once. */
static bool fits(struct ai_embedder *e, const struct llama_model *model)
{
    int32_t context = (int32_t)(e->window_tokens + AI_LIMIT_EMBED_TITLE_TOKENS);
    bool fit = llama_model_n_embd(model) == (int32_t)e->dimensions &&
               llama_model_n_ctx_train(model) >= context;
    if (!fit && !e->unfit)
        core_log(CORE_LOG_ERROR, "embedder.unfit", {"file", CORE_LOG_C(e->path)},
                 {"dimensions", CORE_LOG_I(llama_model_n_embd(model))},
                 {"wanted", CORE_LOG_I(e->dimensions)},
                 {"context", CORE_LOG_I(llama_model_n_ctx_train(model))},
                 {"wanted_context", CORE_LOG_I(context)});
    e->unfit = !fit;
    return fit;
}

static int acquire(struct ai_embedder *e, struct slot *slot)
{
    int err = 0;
    if (atomic_load(&slot->stopped))
        return CORE_ECANCELLED;
    pthread_mutex_lock(&e->lock);
    if (!e->model) {
        struct llama_model *model;
        err = ai_llama_load(e->program, e->path, &slot->stopped, &model);
        if (err == 0 && !fits(e, model)) {
            llama_model_free(model);
            err = CORE_EINVAL;
        }
        if (err == 0) {
            e->model = model;
            atomic_store(&e->loaded, true);
        }
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

static bool on_abort(void *arg)
{
    return atomic_load((atomic_bool *)arg);
}

static struct llama_context *open_context(struct ai_embedder *e, struct slot *slot,
                                          enum llama_pooling_type pooling)
{
    struct llama_context_params params = llama_context_default_params();
    params.n_ctx = params.n_batch = params.n_ubatch = AI_LIMIT_EMBED_BATCH;
    params.n_seq_max = AI_LIMIT_EMBED_SEQUENCES;
    params.kv_unified = true;
    params.n_threads = params.n_threads_batch = (int32_t)e->threads;
    params.embeddings = true;
    params.pooling_type = pooling;
    params.abort_callback = on_abort;
    params.abort_callback_data = &slot->stopped;
    params.no_perf = true;
    return llama_init_from_model(e->model, params);
}

/* Where the model takes the mean over its tokens, the tokens themselves are wanted. */
static int open_slot(struct ai_embedder *e, struct slot *slot)
{
    if (slot->context)
        return 0;
    struct llama_context *context = open_context(e, slot, LLAMA_POOLING_TYPE_UNSPECIFIED);
    if (!context)
        return CORE_ENOMEM;
    enum llama_pooling_type pooling = llama_pooling_type(context);
    if (pooling == LLAMA_POOLING_TYPE_NONE || pooling == LLAMA_POOLING_TYPE_RANK) {
        llama_free(context);
        return CORE_ECORRUPT;
    }
    slot->averages = pooling == LLAMA_POOLING_TYPE_MEAN;
    if (slot->averages) {
        llama_free(context);
        context = open_context(e, slot, LLAMA_POOLING_TYPE_NONE);
        if (!context)
            return CORE_ENOMEM;
    }
    slot->context = context;
    slot->batch = llama_batch_init(AI_LIMIT_EMBED_BATCH, 0, 1);
    slot->tokens = core_alloc_array(TOKENS_MAX, sizeof *slot->tokens);
    slot->part_of = core_alloc_array(TOKENS_MAX, sizeof *slot->part_of);
    slot->packed_part = core_alloc_array(AI_LIMIT_EMBED_BATCH, sizeof *slot->packed_part);
    return 0;
}

/* --- Tokens ----------------------------------------------------------------------------------- */

/* Appends the tokens of a piece of text. Pieces begin and end between words, so they have the
 * tokens that they have in the whole. Normalization can turn three bytes into eighteen letters:
 * what does not fit then is far beyond the window. */
static void add_piece(struct ai_embedder *e, struct slot *slot, struct core_str piece, int32_t part,
                      size_t *count)
{
    const struct llama_vocab *vocab = llama_model_get_vocab(e->model);
    int32_t n = -1;
    while (piece.len && (piece.ptr[piece.len - 1] == ' ' || piece.ptr[piece.len - 1] == '\n'))
        piece.len--;
    for (; n < 0 && piece.len; piece.len = core_utf8_cut(piece, piece.len / 2))
        n = llama_tokenize(vocab, piece.ptr, (int32_t)piece.len, slot->tokens + *count,
                           TOKENS_MAX - (int32_t)*count, false, false);
    for (int32_t i = 0; i < n; i++)
        slot->part_of[(*count)++] = part;
}

/* What the vocabulary puts around a text. */
struct marks {
    llama_token begin, end;
    bool has_begin, has_end;
};
static struct marks marks_of(const struct llama_vocab *vocab)
{
    llama_token both[2];
    int32_t n = llama_tokenize(vocab, "", 0, both, 2, true, false);
    bool only_end = n == 1 && !llama_vocab_get_add_bos(vocab);
    return (struct marks){.begin = both[0],
                          .end = both[n > 1],
                          .has_begin = n > 0 && !only_end,
                          .has_end = n > 1 || only_end};
}

/* Tokens of prefix + text in slot->tokens, cut to what one text may have: the closing mark
 * stays. */
static int tokenize(struct ai_embedder *e, struct slot *slot, struct job *job, size_t index,
                    size_t *ret_count)
{
    struct marks marks = marks_of(llama_model_get_vocab(e->model));
    char lead[AI_LIMIT_EMBED_TEXT];
    size_t prefix_len = strlen(job->prefix), at = 0, count = 0;
    if (prefix_len >= sizeof lead)
        return CORE_ETOOBIG;
    struct core_str text = job->texts[index];
    text.len = core_utf8_cut(text, sizeof lead - prefix_len);
    if (marks.has_begin) {
        slot->tokens[count] = marks.begin;
        slot->part_of[count++] = NO_PART;
    }
    size_t p = job->next_part;
    bool parted = p < job->part_count && job->parts[p].text == index;
    size_t first = parted ? job->parts[p].start : text.len;
    if (first > text.len)
        first = text.len;
    memcpy(lead, job->prefix, prefix_len);
    memcpy(lead + prefix_len, text.ptr, first);
    add_piece(e, slot, core_strn(lead, prefix_len + first), NO_PART, &count);
    for (at = first; p < job->part_count && job->parts[p].text == index; p++) {
        size_t start = job->parts[p].start, end = job->parts[p].end;
        assert(start >= at && end >= start);
        if (end > text.len)
            continue;
        add_piece(e, slot, core_strn(text.ptr + at, start - at), NO_PART, &count);
        add_piece(e, slot, core_strn(text.ptr + start, end - start), (int32_t)p, &count);
        at = end;
    }
    job->next_part = p;
    add_piece(e, slot, core_strn(text.ptr + at, text.len - at), NO_PART, &count);
    size_t most = e->window_tokens + AI_LIMIT_EMBED_TITLE_TOKENS - marks.has_end;
    if (count > most)
        count = most;
    if (marks.has_end) {
        slot->tokens[count] = marks.end;
        slot->part_of[count++] = NO_PART;
    }
    *ret_count = count;
    return 0;
}

/* --- Embedding -------------------------------------------------------------------------------- */

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

static void add(const float *from, unsigned dimensions, float *to)
{
    for (unsigned i = 0; i < dimensions; i++)
        to[i] += from[i];
}

/* The mean over each sequence's tokens, and the sum over each part's. */
static int pool_tokens(struct ai_embedder *e, struct slot *slot, const struct job *job, float *to,
                       size_t sequences)
{
    unsigned dimensions = e->dimensions;
    memset(to, 0, sequences * dimensions * sizeof *to);
    for (int32_t i = 0; i < slot->batch.n_tokens; i++) {
        const float *token = llama_get_embeddings_ith(slot->context, i);
        if (!token)
            return CORE_EINTERNAL;
        add(token, dimensions, to + (size_t)slot->batch.seq_id[i][0] * dimensions);
        if (slot->packed_part[i] != NO_PART)
            add(token, dimensions, job->sums + (size_t)slot->packed_part[i] * dimensions);
    }
    for (size_t s = 0; s < sequences; s++)
        copy_unit(to + s * dimensions, dimensions, to + s * dimensions);
    return 0;
}

/* Computes the call that is packed in slot->batch; vectors of its sequences go to `to`. */
static int compute(struct ai_embedder *e, struct slot *slot, const struct job *job,
                   size_t sequences, float *to)
{
    /* Encoders keep nothing between calls; decoders used for embedding have a memory to empty. */
    llama_memory_t memory = llama_get_memory(slot->context);
    int err = 0;
    if (memory)
        llama_memory_clear(memory, false);
    if ((memory ? llama_decode : llama_encode)(slot->context, slot->batch) != 0)
        return atomic_load(&slot->stopped) ? CORE_ECANCELLED : CORE_ENOMEM;
    if (slot->averages)
        err = pool_tokens(e, slot, job, to, sequences);
    for (size_t s = 0; s < sequences && !slot->averages; s++) {
        const float *pooled = llama_get_embeddings_seq(slot->context, (llama_seq_id)s);
        if (!pooled)
            return CORE_EINTERNAL;
        copy_unit(pooled, e->dimensions, to + s * e->dimensions);
    }
    slot->batch.n_tokens = 0;
    return err;
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
        slot->packed_part[at] = slot->part_of[i];
    }
}

static int run(struct ai_embedder *e, struct slot *slot, struct job *job)
{
    int err = open_slot(e, slot);
    if (err)
        return err;
    size_t first = 0; /* of the call being packed */
    slot->batch.n_tokens = 0;
    for (size_t i = 0; i < job->count; i++) {
        size_t tokens;
        if (atomic_load(&slot->stopped))
            return CORE_ECANCELLED;
        err = tokenize(e, slot, job, i, &tokens);
        if (err)
            return err;
        if (tokens == 0) { /* a vocabulary without marks: embed its padding rather than nothing */
            slot->tokens[tokens] = 0;
            slot->part_of[tokens++] = NO_PART;
        }
        if (slot->batch.n_tokens + tokens > AI_LIMIT_EMBED_BATCH ||
            i - first == AI_LIMIT_EMBED_SEQUENCES) {
            err = compute(e, slot, job, i - first, job->vectors + first * e->dimensions);
            if (err)
                return err;
            first = i;
        }
        pack(slot, tokens, i - first);
    }
    return compute(e, slot, job, job->count - first, job->vectors + first * e->dimensions);
}

int ai_embedder_run_parts(struct ai_embedder *e, unsigned slot_index, enum ai_embed_kind kind,
                          const struct core_str *texts, size_t count,
                          const struct ai_embed_part *parts, size_t part_count, float *ret_vectors,
                          float *ret_sums)
{
    assert(slot_index < e->slot_count);
    struct slot *slot = &e->slots[slot_index];
    if (count == 0)
        return 0;
    size_t row = e->dimensions * sizeof *ret_vectors;
    /* Filled aside, so that a failure in the middle leaves the caller's memory untouched. */
    float *vectors = core_try_alloc((count + part_count) * row);
    if (!vectors)
        return CORE_ENOMEM;
    struct job job = {.prefix = e->prefix[kind],
                      .texts = texts,
                      .count = count,
                      .parts = parts,
                      .part_count = part_count,
                      .vectors = vectors,
                      .sums = vectors + count * e->dimensions};
    memset(job.sums, 0, part_count * row);
    ai_llama_thread_stop(&slot->stopped);
    int err = acquire(e, slot);
    if (err == 0) {
        err = run(e, slot, &job);
        release(e);
    }
    ai_llama_thread_stop(NULL);
    if (err == 0) {
        memcpy(ret_vectors, vectors, count * row);
        if (part_count)
            memcpy(ret_sums, job.sums, part_count * row);
    }
    free(vectors);
    return err;
}

int ai_embedder_run(struct ai_embedder *e, unsigned slot, enum ai_embed_kind kind,
                    const struct core_str *texts, size_t count, float *ret_vectors)
{
    return ai_embedder_run_parts(e, slot, kind, texts, count, NULL, 0, ret_vectors, NULL);
}

void ai_embedder_stop(struct ai_embedder *e, unsigned slot)
{
    assert(slot < e->slot_count);
    atomic_store(&e->slots[slot].stopped, true);
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
    struct counting counting = {e, &e->slots[slot]};
    int err = acquire(e, counting.slot);
    if (err)
        return err;
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
