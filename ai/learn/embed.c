/*
 * embed.c: vectors for chunks that have none, behind everything else.
 *
 * First all chunks get those of the English model (a chunk in another language gets the
 * multilingual ones at the same time, before them), then the rest gets the multilingual
 * ones. In which order the chunks come is said in queue.h. One turn of the pool is a
 * handful of chunks, so that stopping is quick.
 *
 * What is embedded is a window of the chunk with the name of the document in front ("crontab.5:
 * tables for driving cron > EXAMPLES. …"): a passage alone often does not say what it is about.
 */
#include "ai/learn/learn.h"

#include "ai/find/sentence_vector.h"
#include "ai/text/lang.h"
#include "core/err.h"
#include "core/log.h"
#include "core/mem.h"

#include <stdio.h>
#include <stdlib.h>

/* Bytes of the name in front of a window: about AI_LIMIT_EMBED_TITLE_TOKENS. */
#define PREFIX_BYTES 120
/* Windows of one chunk that are embedded; a chunk of 500 tokens makes five. */
#define WINDOWS_MAX 16
/* Sentences of one chunk that are embedded with it, in
 * pieces: one at the end of a window goes on in the next. */
#define PARTS_MAX (AI_LIMIT_CHUNK_SENTENCES + WINDOWS_MAX)
/* How fast the shown rate follows, of 1000. */
#define RATE_WEIGHT 200

struct chunk_row {
    int64_t id;
    bool english;
    struct core_str text; /* in the pool */
    struct core_str prefix;
};
struct turn {
    struct ai *ai;
    struct ai_embedder *embedder;
    struct core_pool *pool;
    struct chunk_row chunks[AI_LIMIT_EMBED_CHUNKS];
    size_t count;
    /* Windows of all chunks of the turn. */
    struct core_str texts[AI_LIMIT_EMBED_CHUNKS * WINDOWS_MAX];
    size_t windows[AI_LIMIT_EMBED_CHUNKS * WINDOWS_MAX][2];
    size_t of_chunk[AI_LIMIT_EMBED_CHUNKS]; /* how many windows each chunk has */
    size_t text_count;
    /* Sentences of all chunks of the turn. */
    struct ai_embed_part parts[AI_LIMIT_EMBED_CHUNKS * PARTS_MAX];
    unsigned sentence[AI_LIMIT_EMBED_CHUNKS * PARTS_MAX];
    size_t part_count;
    size_t parts_of[AI_LIMIT_EMBED_CHUNKS], sentences_of[AI_LIMIT_EMBED_CHUNKS];
};
/* What came out: rows of `dimensions` floats. */
struct made {
    unsigned dimensions;
    float *vectors; /* a row a window */
    float *sums;    /* a row a part */
};

const char *ai__embed_model(const struct ai *ai)
{
    const struct ai_embedder *e = ai->embedders[AI_EMBEDDER_ENGLISH]
                                      ? ai->embedders[AI_EMBEDDER_ENGLISH]
                                      : ai->embedders[AI_EMBEDDER_MULTI];
    return e ? ai_embedder_name(e) : NULL;
}

bool ai__embed_pending(const struct ai *ai)
{
    return ai->learner && atomic_load(&ai->learner->unembedded);
}

void ai__embed_count(struct ai_learner *learner)
{
    const struct ai *ai = learner->ai;
    const char *model = ai__embed_model(ai);
    bool both = ai->embedders[AI_EMBEDDER_ENGLISH] && ai->embedders[AI_EMBEDDER_MULTI];
    const char *second = both ? ai_embedder_name(ai->embedders[AI_EMBEDDER_MULTI]) : NULL;
    atomic_store(&learner->vectors, model ? (int64_t)ai_index_count(ai->index, model) : 0);
    atomic_store(&learner->seconds, second ? (int64_t)ai_index_count(ai->index, second) : 0);
}

/* --- Reading chunks ------------------------------------------------------------------------- */

static struct core_str prefix_of(struct turn *t, const struct store_row *row)
{
    struct core_buf out;
    struct core_str heading = store_row_str(row, 3);
    core_buf_init(&out, 3 * AI_LIMIT_NAME);
    core_buf_add_str(&out, store_row_str(row, 1));
    core_buf_add_c(&out, ": ");
    core_buf_add_str(&out, store_row_str(row, 2));
    if (heading.len > 0)
        core_buf_add_c(&out, " > ");
    core_buf_add_str(&out, heading);
    struct core_str s = core_strn(out.ptr, core_utf8_cut(core_buf_str(&out), PREFIX_BYTES));
    struct core_str kept = core_pool_str(t->pool, s);
    core_buf_done(&out);
    return kept;
}

static int on_chunk(void *arg, const struct store_row *row)
{
    struct turn *t = arg;
    struct chunk_row *c = &t->chunks[t->count];
    c->id = store_row_i64(row, 0);
    c->prefix = prefix_of(t, row);
    c->text = core_pool_str(t->pool, store_row_str(row, 4));
    c->english = ai_lang_parse(store_row_str(row, 5)) == AI_LANG_EN;
    if (!c->text.ptr || !c->prefix.ptr)
        return CORE_ENOMEM;
    t->count++;
    return 0;
}

/* One chunk of each document whose turn it is, until there are enough for a turn of ours. */
static int read_chunks(struct turn *t, struct ai_learn_queue *queue)
{
    const char *model = ai_embedder_name(t->embedder);
    struct ai_learn_waiting *of;
    int status = ai_learn_queue_fill(queue, t->ai->store, model);
    while (status == 0 && t->count < AI_LIMIT_EMBED_CHUNKS &&
           (of = ai_learn_queue_next(queue, t->count))) {
        const struct store_value params[] = {STORE_I(of->next), STORE_I(of->last), STORE_C(model)};
        size_t before = t->count;
        status = store_read(
            t->ai->store,
            "SELECT chunk.id, chunk.name, chunk.title, chunk.heading, chunk.text, content.language"
            " FROM chunk JOIN content ON content.id = chunk.content_id"
            " WHERE chunk.id >= $1 AND chunk.id <= $2 AND NOT EXISTS (SELECT 1 FROM vector"
            " WHERE vector.chunk_id = chunk.id AND vector.model = $3) ORDER BY chunk.id LIMIT 1",
            params, 3, on_chunk, t);
        ai_learn_queue_took(queue, of, t->count > before ? t->chunks[before].id : of->last);
    }
    return status;
}

/* --- Embedding ------------------------------------------------------------------------------ */

enum { LEAD = 2 }; /* bytes between the prefix and the window */

static int make_windows(struct turn *t)
{
    struct ai_sentence_parts parts = {t->parts, t->sentence, 0, 0};
    t->text_count = t->part_count = 0;
    for (size_t i = 0; i < t->count; i++) {
        const struct chunk_row *c = &t->chunks[i];
        size_t(*windows)[2] = &t->windows[t->text_count];
        ssize_t n = ai_embedder_windows(t->embedder, AI_SLOT_PASSAGES, c->text, windows,
                                        WINDOWS_MAX);
        if (n < 0)
            return (int)n;
        t->of_chunk[i] = (size_t)n;
        parts.cap = parts.count + PARTS_MAX;
        t->sentences_of[i] = ai_sentence_parts_add(&parts, c->text, windows, (size_t)n,
                                                   t->text_count, c->prefix.len + LEAD);
        t->parts_of[i] = parts.count - t->part_count;
        t->part_count = parts.count;
        for (ssize_t w = 0; w < n; w++) {
            struct core_buf text;
            core_buf_init(&text, AI_LIMIT_EMBED_TEXT);
            core_buf_add_str(&text, c->prefix);
            core_buf_add(&text, ". ", LEAD);
            core_buf_add(&text, c->text.ptr + windows[w][0], windows[w][1] - windows[w][0]);
            t->texts[t->text_count] = core_pool_str(t->pool, core_buf_str(&text));
            core_buf_done(&text);
            if (!t->texts[t->text_count++].ptr)
                return CORE_ENOMEM;
        }
    }
    return 0;
}

static void put_windows(struct store_batch *batch, const struct turn *t, const struct made *made)
{
    const char *model = ai_embedder_name(t->embedder);
    unsigned char *packed = core_alloc_array(made->dimensions, 2);
    size_t at = 0;
    for (size_t i = 0; i < t->count; i++) {
        for (size_t w = 0; w < t->of_chunk[i]; w++, at++) {
            ai_index_pack(made->vectors + at * made->dimensions, made->dimensions, packed);
            /* The chunk may have left meanwhile. */
            store_put(batch, STORE_ROWS_ANY,
                      "INSERT INTO vector (chunk_id, model, ordinal, start_at, end_at, data)"
                      " SELECT chunk.id, $1, CAST($2 AS BIGINT), CAST($3 AS BIGINT),"
                      " CAST($4 AS BIGINT), $5 FROM chunk WHERE chunk.id = $6"
                      " ON CONFLICT (chunk_id, model, ordinal) DO NOTHING",
                      STORE_C(model), STORE_I((int64_t)w), STORE_I((int64_t)t->windows[at][0]),
                      STORE_I((int64_t)t->windows[at][1]),
                      STORE_B(packed, 2 * (size_t)made->dimensions), STORE_I(t->chunks[i].id));
        }
    }
    free(packed);
}

/* The pieces of a sentence are added up to one row. */
static void put_sentences(struct store_batch *batch, const struct turn *t, const struct made *made)
{
    unsigned dimensions = made->dimensions;
    float *rows = core_alloc_array((size_t)AI_LIMIT_CHUNK_SENTENCES * dimensions, sizeof *rows);
    unsigned char *blob = core_alloc_array(AI_LIMIT_CHUNK_SENTENCES, dimensions);
    size_t at = 0;
    for (size_t i = 0; i < t->count; i++) {
        size_t size = t->sentences_of[i] * dimensions;
        memset(rows, 0, size * sizeof *rows);
        for (size_t p = 0; p < t->parts_of[i]; p++, at++)
            for (unsigned j = 0; j < dimensions; j++)
                rows[t->sentence[at] * dimensions + j] += made->sums[at * dimensions + j];
        ai_sentence_vectors_pack(rows, t->sentences_of[i], dimensions, blob);
        store_put(batch, STORE_ROWS_ANY,
                  "INSERT INTO sentence (chunk_id, model, data)"
                  " SELECT chunk.id, $1, $2 FROM chunk WHERE chunk.id = $3"
                  " ON CONFLICT (chunk_id, model) DO NOTHING",
                  STORE_C(ai_embedder_name(t->embedder)), STORE_B(blob, size),
                  STORE_I(t->chunks[i].id));
    }
    free(blob);
    free(rows);
}

static int write_vectors(const struct turn *t, const struct made *made)
{
    struct store_batch *batch = store_batch_new(STORE_RELAXED);
    put_windows(batch, t, made);
    put_sentences(batch, t, made);
    return store_write_wait(t->ai->store, batch);
}

/* Whether the chunk still exists is asked after it was added: whoever removes it takes it out of
 * the store first and out of the index then, so one of the two sees the other. */
static int add_to_index(const struct turn *t, const struct made *made)
{
    size_t at = 0;
    for (size_t i = 0; i < t->count; i++) {
        int64_t id = t->chunks[i].id;
        const struct store_value params[] = {STORE_I(id)};
        int64_t there = 0;
        int status = t->of_chunk[i]
                         ? ai_index_add(t->ai->index, ai_embedder_name(t->embedder), id,
                                        made->vectors + at * made->dimensions, t->of_chunk[i])
                         : 0;
        if (status == 0)
            status = store_read_i64(t->ai->store, "SELECT COUNT(*) FROM chunk WHERE id = $1",
                                    params, 1, &there);
        if (status != 0)
            return status;
        if (!there)
            ai_index_remove(t->ai->index, &id, 1);
        at += t->of_chunk[i];
    }
    return 0;
}

/* Embeds the chunks of the turn with its embedder. */
static int embed(struct turn *t)
{
    struct made made = {.dimensions = ai_embedder_dimensions(t->embedder)};
    int status = make_windows(t);
    if (status != 0 || t->text_count == 0)
        return status;
    if (atomic_load(&t->ai->learner->stopping)) /* loading the model took its time */
        return CORE_ECANCELLED;
    made.vectors = core_alloc_array((t->text_count + t->part_count) * made.dimensions,
                                    sizeof *made.vectors);
    made.sums = made.vectors + t->text_count * made.dimensions;
    status = ai_embedder_run_parts(t->embedder, AI_SLOT_PASSAGES, AI_EMBED_PASSAGE, t->texts,
                                   t->text_count, t->parts, t->part_count, made.vectors, made.sums);
    if (status == 0)
        status = write_vectors(t, &made);
    if (status == 0)
        status = add_to_index(t, &made);
    free(made.vectors);
    return status;
}

/* The chunks of the turn that are not English and lack vectors of the multilingual model get
 * them. */
static int embed_foreign(const struct turn *t, struct ai_embedder *multi)
{
    struct turn *other = core_alloc(sizeof *other);
    int status = 0;
    *other = *t;
    other->embedder = multi;
    other->count = 0;
    for (size_t i = 0; i < t->count && status == 0; i++) {
        const struct store_value params[] = {STORE_I(t->chunks[i].id),
                                             STORE_C(ai_embedder_name(multi))};
        int64_t has = 0;
        if (t->chunks[i].english)
            continue;
        status = store_read_i64(t->ai->store,
                                "SELECT COUNT(*) FROM vector WHERE chunk_id = $1 AND model = $2",
                                params, 2, &has);
        if (!has)
            other->chunks[other->count++] = t->chunks[i];
    }
    if (status == 0)
        status = embed(other);
    free(other);
    return status;
}

/* --- Turns ---------------------------------------------------------------------------------- */

static void note_rate(struct ai_embedding *e, size_t chunks, uint64_t ms)
{
    int64_t now = (int64_t)chunks * 1000000 / (int64_t)(ms ? ms : 1);
    int64_t before = atomic_load(&e->rate);
    atomic_store(&e->rate, before ? before + (now - before) * RATE_WEIGHT / 1000 : now);
}

/* One turn with the model; *ret_more: there were chunks. */
static int turn(struct ai_embedding *e, unsigned which, bool *ret_more)
{
    struct ai *ai = e->learner->ai;
    struct ai_embedder *multi = ai->embedders[AI_EMBEDDER_MULTI];
    struct turn *t = core_alloc(sizeof *t);
    uint64_t start = core_mono_ms(ai->env);
    t->ai = ai;
    t->embedder = ai->embedders[which];
    t->pool = core_pool_new(AI_LIMIT_EMBED_CHUNKS * WINDOWS_MAX * 2 * (size_t)AI_LIMIT_EMBED_TEXT);
    int status = read_chunks(t, &e->queue[which]);
    if (status == 0 && t->count > 0) {
        if (which == AI_EMBEDDER_ENGLISH && multi)
            status = embed_foreign(t, multi);
        if (status == 0)
            status = embed(t);
        if (status == 0) {
            ai__embed_count(e->learner);
            if (which == AI_EMBEDDER_ENGLISH || !ai->embedders[AI_EMBEDDER_ENGLISH])
                note_rate(e, t->count, core_mono_ms(ai->env) - start);
        }
    }
    /* What was taken out and got no vectors is found again. */
    if (status != 0)
        ai_learn_queue_clear(&e->queue[which]);
    *ret_more = t->count > 0;
    core_pool_free(t->pool);
    free(t);
    return status;
}

static void run(struct core_work *work, unsigned worker)
{
    struct ai_embedding *e = (struct ai_embedding *)work;
    (void)worker;
    e->more = false;
    e->status = 0;
    for (unsigned which = 0; which < AI_EMBEDDERS && !e->more && e->status == 0; which++) {
        if (!e->learner->ai->embedders[which])
            continue;
        e->status = turn(e, which, &e->more);
        if (which == AI_EMBEDDER_ENGLISH || !e->learner->ai->embedders[AI_EMBEDDER_ENGLISH])
            e->main_left = e->more && e->queue[which].count > 0;
    }
}

static void submit(struct ai_embedding *e)
{
    e->again = false;
    e->running = core_work_submit(e->learner->ai->embed, &e->work) == 0;
}

static void on_done(struct core_work *work, int status)
{
    struct ai_embedding *e = (struct ai_embedding *)work;
    e->running = false;
    if (status != 0 || atomic_load(&e->learner->stopping))
        return;
    /* What is being written now is of a job, whose end looks again. */
    if (e->status == 0 && !e->main_left && !e->again)
        atomic_store(&e->learner->unembedded, e->learner->open_jobs > 0);
    if (e->status != 0) {
        core_log(CORE_LOG_WARN, "embed.failed", {"why", CORE_LOG_C(core_err_text(e->status))});
        core_timer_start(e->retry, AI_LIMIT_EMBED_RETRY_MS, 0);
    } else if (e->more || e->again) {
        submit(e);
    } else {
        atomic_store(&e->rate, 0);
    }
}

static void on_retry(void *arg)
{
    ai__embed_kick(arg);
}

void ai__embed_kick(struct ai_learner *learner)
{
    struct ai_embedding *e = &learner->embedding;
    if (!e->retry || !ai__embed_model(learner->ai))
        return;
    atomic_store(&learner->unembedded, true);
    if (e->running)
        e->again = true;
    else
        submit(e);
}

void ai__embed_open(struct ai_learner *learner)
{
    struct ai_embedding *e = &learner->embedding;
    e->learner = learner;
    e->work.run = run;
    e->work.done = on_done;
    e->retry = core_timer_new(learner->ai->loop, on_retry, learner);
    ai__embed_kick(learner);
}

void ai__embed_close(struct ai_learner *learner)
{
    struct ai_embedding *e = &learner->embedding;
    core_timer_free(e->retry);
    e->retry = NULL;
    if (e->running)
        core_work_cancel(&e->work);
}
