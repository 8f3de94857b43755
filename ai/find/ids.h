/*
 * ids.h: rows of many ids, some dozens with one statement: a database may
 * be a network away, where a question that asks for each of its passages
 * alone would mostly wait. Room only; pool threads, blocking.
 */
#ifndef AI_FIND_IDS_H
#define AI_FIND_IDS_H

#include "core/store/store.h"

/* Stands for the ids in a statement: "… WHERE chunk_id IN (" AI_IDS ") AND model = "
 * AI_IDS_NEXT. */
#define AI_IDS                                                                                     \
    "$1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20,"   \
    " $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32"
#define AI_IDS_NEXT "$33"
enum { AI_IDS_COUNT = 32 };

/* As store_read(), with as many ids as there are, and what is `next`, if it is not NULL. Rows come
 * in the order of the statement for the first AI_IDS_COUNT ids, then for those that follow. */
int ai_ids_read(struct store *store, const char *sql, const int64_t *ids, size_t count,
                const struct store_value *next,
                int (*on_row)(void *arg, const struct store_row *row), void *arg);

#endif
