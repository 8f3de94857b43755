/*
 * batch.h: the inside of a batch: data that can be sent as it is, and read back from anywhere.
 *
 * Engines include this; the rooms above only fill batches through store.h. One thread at a time.
 */
#ifndef CORE_STORE_BATCH_H
#define CORE_STORE_BATCH_H

#include "core/limits.h"
#include "core/store/store.h"

#include "core/buf.h"

#include <semaphore.h>

struct store_batch {
    enum store_durability durability;
    int error;            /* the first thing that went wrong while it was filled */
    struct core_buf data; /* encoded, see batch.c */
    unsigned count;
    unsigned sql_count;
    const char *sql[CORE_LIMIT_BATCH_SQL]; /* texts already in data, by address */
    /* The writer's: */
    struct store_batch *next;
    int status;
    /* How it is answered: acked on the loop, or the one who waits. Both may be missing. */
    struct core_post post;
    void (*acked)(void *arg, int status);
    void *arg;
    sem_t *waiter;
    int *waiter_status;
};

/* The bytes that store__batch_decode() takes; valid until the batch changes. */
struct core_str store__batch_encoded(const struct store_batch *batch);
/* Copies. Nothing can be added to the result. CORE_ECORRUPT for bytes that no batch encodes to,
 * CORE_ETOOBIG, CORE_ENOMEM. */
int store__batch_decode(struct core_str bytes, struct store_batch **ret);

struct store_statement {
    int rows_expected;
    struct core_str sql;
    unsigned count;
    struct store_value params[CORE_LIMIT_SQL_PARAMS]; /* bytes point into the batch */
};
struct store_batch_iter {
    struct core_str left;
    unsigned count_left;
    unsigned sql_count;
    struct core_str sql[CORE_LIMIT_BATCH_SQL];
};
void store__batch_iter(const struct store_batch *batch, struct store_batch_iter *ret);
/* 1 and the next statement, 0 at the end, CORE_ECORRUPT. */
int store__batch_next(struct store_batch_iter *it, struct store_statement *ret);

#endif
