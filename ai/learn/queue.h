/*
 * queue.h: which chunk is embedded next, so that no document waits for another to be whole.
 *
 *     chunk ids    1 … 9000 (a book)   9001 … 9003   9004 …
 *                  └─ one waiting ─┘   └─ another ─┘         a range of ids a content
 *
 * In the order of their ids a book of ten thousand chunks would keep all that is learned after it
 * from being found by meaning for as long as it takes. So the next chunk is one of the document
 * that had the fewest so far, of several such the newest: a note that was just sent comes at once,
 * and of a large folder every document soon has its beginning, which says most about it. That
 * alone could put a document off for as long as others keep coming. Therefore one of each batch is
 * the oldest document's, whatever it had: each document is the oldest in the end, and all get
 * theirs. Batches are full whatever the documents are: chunks of several share one.
 *
 * One queue a model. Nothing of it is stored: it is filled from the chunks that have no vector, and
 * then by the ids of those that came since, which only grow. Thread: one at a time; blocking.
 */
#ifndef AI_LEARN_QUEUE_H
#define AI_LEARN_QUEUE_H

#include "core/store/store.h"

/* Chunks of one content: at most those from `next` to `last`. */
struct ai_learn_waiting {
    int64_t next, last;
    unsigned had; /* chunks taken since it was put into the queue */
};
struct ai_learn_queue {
    struct ai_learn_waiting *items; /* in no order */
    size_t count, cap;
    int64_t seen; /* chunks up to this id have been looked at */
    bool full;    /* the store has more, which is looked at again when half is gone */
};
/* A zeroed queue is an empty one. Forgets all: the next fill begins anew. */
void ai_learn_queue_clear(struct ai_learn_queue *queue);
/* Puts in what came since the last time and has no vectors of the model; beyond
 * AI_LIMIT_EMBED_DOCUMENTS the rest waits in the store. On failure clear it. */
int ai_learn_queue_fill(struct ai_learn_queue *queue, struct store *store, const char *model);
/* Whose turn it is, for the place of that number in a batch; NULL: nobody waits. Until the queue is
 * used again. */
struct ai_learn_waiting *ai_learn_queue_next(struct ai_learn_queue *queue, size_t place);
/* The chunk was taken; or, with `last`, there is none any more. */
void ai_learn_queue_took(struct ai_learn_queue *queue, struct ai_learn_waiting *of, int64_t chunk);

#endif
