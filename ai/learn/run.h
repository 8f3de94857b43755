/*
 * run.h: one job of learning while it runs. Shared by run*.c only; the pool thread of the job.
 */
#ifndef AI_LEARN_RUN_H
#define AI_LEARN_RUN_H

#include "ai/learn/learn.h"
#include "ai/learn/walk.h"

/* What became of a document; several at once are possible. LEARN_FAILED: nothing readable is left
 * of one that was known. */
enum {
    LEARN_ADDED = 1,
    LEARN_UPDATED = 2,
    LEARN_UNCHANGED = 4,
    LEARN_DUPLICATE = 8,
    LEARN_REMOVED = 16,
    LEARN_FAILED = 32
};

/* A document that waits in the batch for the acknowledgement. */
struct learn_pending {
    const struct ai_walk_file *file; /* NULL: one that is gone */
    const struct ai_learn_known *known;
    const char *root;
    unsigned outcome;
};
struct learn_run {
    struct ai_learner *learner;
    struct ai *ai;
    struct ai_learn_job *job;
    struct ai_private *private;
    struct core_buf bytes;
    struct ai_doc doc;
    struct ai_learn_batch batch;
    struct learn_pending pending[AI_LIMIT_LEARN_BATCH];
    size_t pending_count;
    /* Files and folders that could not be read: what is known there and below stays. */
    char **closed;
    size_t closed_count, closed_cap;
    uint64_t started_ms, reported_ms;
    uint64_t away_ms;  /* since when the store is waited for */
    unsigned tries;    /* of what is tried since then */
    const char *phase; /* before that */
};

/* Goes the job on? */
bool learn_run_keep_on(void *run);

/* --- run_document.c ------------------------------------------------------------------------- */

/* Reads a file into r->bytes. CORE_EDENIED for what is private. */
int learn_run_read(struct learn_run *r, const char *path);
/* Brings the document of r->bytes into the batch; d->name ends in a NUL. On failure r->doc.why may
 * say more. *ret_outcome: of LEARN_ADDED … LEARN_DUPLICATE. */
int learn_run_put(struct learn_run *r, struct ai_learn_document *d, unsigned *ret_outcome);
/* Does the code say something about the store or the machine, not about one document? */
bool learn_run_is_fatal(int status);

#endif
