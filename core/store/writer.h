/*
 * writer.h: the one thread that writes: a queue, commits shared by many batches, answers.
 *
 * It knows no engine: what a commit is, the engine says. Any thread may write; new and free belong
 * to the thread of the loop.
 */
#ifndef CORE_STORE_WRITER_H
#define CORE_STORE_WRITER_H

#include "core/store/batch.h"

struct store__writer;

/* All called on the writer's thread, never two at once. */
struct store__writer_ops {
    /* Executes the batches (linked by next, n of them) in order in one commit and sets the status
     * of each. 0, or the code of a disk that failed: then no status is 0. */
    int (*commit)(void *arg, struct store_batch *first, unsigned n);
    /* Makes sure that what was committed is on disk. */
    int (*sync)(void *arg);
    /* After a failure: 0 when writing works again and nothing acknowledged is in danger. */
    int (*probe)(void *arg);
    /* After the answers went out: upkeep that nobody has to wait for. */
    int (*tend)(void *arg);
};

/* loop may be NULL. */
struct store__writer *store__writer_new(const struct core_env *env, struct core_loop *loop,
                                        const struct store__writer_ops *ops, void *arg);
/* Commits what is queued, answers it (inside this call), joins the thread. Accepts NULL. */
void store__writer_free(struct store__writer *writer);
/* Queues a batch or answers it with its error, CORE_ELIMIT or the health code. */
void store__writer_write(struct store__writer *writer, struct store_batch *batch);
int store__writer_health(const struct store__writer *writer);

/* For what commits. Is the code of the disk, and not of a batch? */
bool store__disk_failed(int err);
/* Of batches that are linked by next: must one of them be on disk before it is answered? */
bool store__group_durable(const struct store_batch *first);
/* A batch that failed for a reason of its own keeps it. */
void store__group_fail(struct store_batch *first, int err);

#endif
