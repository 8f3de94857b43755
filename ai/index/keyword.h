/*
 * keyword.h: BM25 over the chunks, inside the store's engine. One file per engine implements it
 * (keyword_sqlite.c). Pool threads.
 */
#ifndef AI_INDEX_KEYWORD_H
#define AI_INDEX_KEYWORD_H

#include "ai/index/index.h"

/* Whether a word (folded) is worth looking for. */
typedef bool (*ai_keyword_filter)(void *arg, struct core_str word);
/* Best first; the words of `query` in any combination, without those that `wanted` refuses unless it
 * refuses all. A query without words finds nothing. */
int ai_keyword_search(struct store *store, struct core_str query, ai_keyword_filter wanted,
                      void *arg, size_t k, struct ai_hit *ret, size_t *ret_count);
/* Chunks that hold the word; 0 where there is no word in it. */
int ai_keyword_count(struct store *store, struct core_str word, int64_t *ret_chunks);
/* All chunks. */
int ai_keyword_total(struct store *store, int64_t *ret_chunks);
/* 0 when every chunk is in the keyword index. */
int ai_keyword_check(struct store *store, char *why, size_t why_cap);

#endif
