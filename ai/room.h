/*
 * room.h: what the files of ai/ share. Not for other rooms.
 *
 * Pools: `ask` (2 threads: retrieval, cache, history; worker i uses slot i of the embedders),
 * `learn` (1 thread, background: walking, extraction, chunking, store batches), `embed` (1 thread,
 * background: passages; uses slot AI_SLOT_PASSAGES). The doctor has a slot of its own.
 */
#ifndef AI_ROOM_H
#define AI_ROOM_H

#include "ai/ai.h"
#include "ai/find/neutral.h"
#include "ai/index/index.h"
#include "ai/model/embedder.h"
#include "core/limits.h"
#include "core/work.h"

#include <stdatomic.h>

enum { AI_ASK_WORKERS = 2, AI_SLOT_PASSAGES = AI_ASK_WORKERS, AI_SLOT_DOCTOR, AI_EMBED_SLOTS };
enum { AI_EMBEDDER_ENGLISH, AI_EMBEDDER_MULTI, AI_EMBEDDERS };

/* ai.c: what is done now and then on the pool `ask`. */
struct ai_upkeep {
    struct core_work work; /* first */
    struct ai *ai;
    struct core_timer *timer;
    bool running;
    unsigned rounds;
};

/* From which probability on what is done with the passages; see AI_ANSWERABLE in core/limits_ai.h. */
struct ai_thresholds {
    double answerable, quote, client, context, easy, remote;
};
#define AI_THRESHOLDS                                                                              \
    ((struct ai_thresholds){AI_ANSWERABLE, AI_CONFIDENT_QUOTE, AI_CONFIDENT_CLIENT,                \
                            AI_CONFIDENT_CONTEXT, AI_CONFIDENT_EASY, AI_ANSWERABLE_REMOTE})

/* recent.c */
struct ai_recent_ring {
    atomic_uint_least64_t answers;
    atomic_uint_least64_t
        entries[AI_LIMIT_RECENT]; /* second of the monotonic clock, milliseconds */
};

/* What the local model costs: millionths of a dollar for a million tokens. */
struct ai_local_price {
    int64_t in, out;
};

/* embed.c. The loop's. */
struct ai_embed_queue {
    struct embed *first, *last, *running;
    unsigned count; /* those in it and the one that runs */
};

struct ai {
    struct ai_thresholds confident;
    struct ai_options options; /* as opened; strings are the room's own copies */
    atomic_uint level_max;     /* these two as they are now (ai_change) */
    atomic_bool cache;
    const struct core_env *env;
    struct core_loop *loop;
    struct store *store;
    struct accounts *accounts;
    struct ai_remote *remote; /* cascade/remote.h */
    struct core_work_pool *ask, *learn, *embed;
    struct ai_embedder *embedders[AI_EMBEDDERS]; /* NULL when its file is not there */
    struct ai_neutral neutral[AI_ASK_WORKERS];
    struct ai_index *index;
    struct ai_model *model; /* NULL when its file is not there */
    bool model_there;       /* as seen lately; look again from model_checked_ms on */
    uint64_t model_checked_ms;
    struct ai_prompt prompt; /* cascade/prompt.c; these two are the loop's */
    struct ai_local_price price;
    struct ai_learner *learner; /* learn/learn.c */
    unsigned trials;            /* tests of providers whose end is not acknowledged */
    struct ai_cascade *cascade; /* cascade/cascade.c */
    struct ai_embed_queue embeds;
    struct core_aside *doctor; /* doctor.c */
    struct ai_upkeep upkeep;
    struct ai_recent_ring recent[AI_LEVELS];
};

/* recent.c. Any thread. */
void ai__recent_add(struct ai *ai, unsigned level, int64_t latency_ms);

/* agree.c. Do the tables agree with each other, and the search index with them? Any thread, also
 * while the server works. 0, or a code and one line that says what differs and what to do. */
int ai__agree(struct ai *ai, char *why, size_t why_cap);

/* --- learn/learn.c, learn/embed.c, documents.c ----------------------------------------------------- */

/* There are, or are about to be, chunks whose vectors of the main model are on their way: what is
 * not found now may be found soon. Any thread. */
bool ai__embed_pending(const struct ai *ai);
int ai_learner_new(struct ai *ai, struct ai_learner **ret, char *why, size_t why_cap);
/* Cancels jobs and takes no more; may be called again. The pools are freed after this. */
void ai_learner_stop(struct ai_learner *learner);
void ai_learner_free(struct ai_learner *learner);

/* --- cascade/cache.c: statements that keep L0 true when knowledge changes, in the same batch --------- */

void ai_cache_forget_content(struct store_batch *batch, struct core_str content_id);
void ai_cache_forget_refusals(struct store_batch *batch);

#endif
