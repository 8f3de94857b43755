/*
 * postings.h: which words the chunks of a content hold, in a form that a
 * database keeps word by word, and BM25 over what it gives back. For
 * engines without a BM25 of their own; knows no database.
 *
 *     list    = posting posting …              of one word and one content, chunks ascending
 *     posting = chunk | weight | words         varints of 7 bits, the lowest first
 *
 * chunk: its number in the content, less that of the posting before.
 * weight: how often it holds the word, twice as much in its name, title or
 * heading as in its text. words: how many words it has in all.
 *
 * The formula, its numbers and the weights are those of keyword_sqlite.c and FTS5, so that a
 * question finds the same chunks in the same order on every engine. One thread at a time.
 */
#ifndef AI_INDEX_POSTINGS_H
#define AI_INDEX_POSTINGS_H

#include "ai/index/index.h"
#include "ai/index/topk.h"
#include "core/buf.h"

/* --- Making lists ----------------------------------------------------------------------------- */

struct ai_posting_list {
    struct core_str term;
    struct core_buf data;
    uint32_t chunks; /* how many postings */
    uint32_t last;   /* number of the last chunk */
    uint32_t weight; /* of the chunk being read */
};
struct ai_postings {
    struct ai_posting_list *lists; /* in the order in which the words first came */
    size_t count, cap;
    uint32_t *places; /* hash table of list numbers + 1 */
    size_t place_count;
    uint32_t *touched; /* lists that the chunk being read is in */
    size_t touched_count, touched_cap;
    uint64_t words; /* of all chunks */
};
void ai_postings_init(struct ai_postings *postings);
void ai_postings_done(struct ai_postings *postings);
/* `number`: ascending from call to call. 0 or CORE_ETOOBIG. */
int ai_postings_add(struct ai_postings *postings, uint32_t number,
                    const struct ai_index_chunk *chunk);

/* --- BM25 ------------------------------------------------------------------------------------- */

struct ai_bm25 {
    double chunks, average; /* how many there are, and words of one on average */
    struct ai_hit *places;  /* hash table by chunk id; id 0: free */
    size_t place_count, used;
};
/* chunks, words: of the whole knowledge. */
void ai_bm25_init(struct ai_bm25 *bm25, int64_t chunks, int64_t words);
void ai_bm25_done(struct ai_bm25 *bm25);
/* What a word weighs that so many chunks hold. */
double ai_bm25_rarity(const struct ai_bm25 *bm25, int64_t chunks);
/* Adds what a list gives the chunks from `first` on; a damaged one gives as much as can be read.
 * Each word counts once, whatever the number of its lists. 0 or CORE_ENOMEM. */
int ai_bm25_add(struct ai_bm25 *bm25, double rarity, int64_t first, struct core_str list);
void ai_bm25_offer(const struct ai_bm25 *bm25, struct ai_topk *top);

#endif
