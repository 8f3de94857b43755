/*
 * keyword.h: BM25 over the chunks, inside the store's engine. One file per engine implements it
 * (keyword_sqlite.c, keyword_pg.c). Pool threads.
 */
#ifndef AI_INDEX_KEYWORD_H
#define AI_INDEX_KEYWORD_H

#include "ai/index/index.h"

/* Whether a word (folded) is worth looking for. */
typedef bool (*ai_keyword_filter)(void *arg, struct core_str word);

struct ai_keyword_engine {
    /* Best first; the words of `query` in any combination, without those that `wanted` refuses
     * unless it refuses all. A query without words finds nothing. */
    int (*search)(struct store *store, struct core_str query, ai_keyword_filter wanted, void *arg,
                  size_t k, struct ai_hit *ret, size_t *ret_count);
    /* Chunks that hold the word; 0 where there is no word in it. */
    int (*count)(struct store *store, struct core_str word, int64_t *ret_chunks);
    /* The same for at most AI_LIMIT_QUERY_WORDS words of a … z. */
    int (*counts)(struct store *store, const struct core_str *words, size_t n, int64_t *ret_chunks);
    /* All chunks. */
    int (*total)(struct store *store, int64_t *ret_chunks);
    /* 0 when every chunk is in the keyword index. */
    int (*check)(struct store *store, char *why, size_t why_cap);
    /* See ai_index_put(). NULL: the schema does it by itself. */
    int (*put)(struct store_batch *batch, const struct ai_index_chunk *chunks, size_t count);
    /* Puts what came into the store other than by
     * learning (restored, copied). Blocking. NULL as put. */
    int (*fill)(struct store *store);
};
extern const struct ai_keyword_engine ai_keyword_sqlite, ai_keyword_pg;

/* --- What they share (keyword.c) -------------------------------------------------------------- */

/* The different words of a query that are wanted, at most AI_LIMIT_QUERY_WORDS: word(to, w) gets
 * each. All of them when none is wanted. 0 or the first non-zero result of word(). */
int ai_keyword_words(struct core_str query, ai_keyword_filter wanted, void *arg,
                     int (*word)(void *to, struct core_str w), void *to);
/* The verdict of check(): how many chunks there are and how many are in the index; err: of
 * asking. */
int ai_keyword_agree(int err, int64_t chunks, int64_t indexed, char *why, size_t why_cap);

#endif
