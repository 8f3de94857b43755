/* retrieve_work.h: chunks on their way from the lists to the best k. Shared by retrieve*.c only. */
#ifndef AI_FIND_RETRIEVE_WORK_H
#define AI_FIND_RETRIEVE_WORK_H

#include "ai/find/retrieve.h"

/* Three lists, and the few that hold what is rare or define an option. */
enum {
    RETRIEVE_CHUNKS = 3 * AI_LIMIT_RETRIEVE + AI_LIMIT_TERMS * AI_RARE_CHUNKS +
                      AI_LIMIT_OPTIONS * AI_OPTION_DOCUMENTS * AI_OPTION_CHUNKS
};
struct retrieve_fused {
    struct ai_found_chunk at[RETRIEVE_CHUNKS];
    size_t count;
};
/* The chunk of that id; a new one, without scores, when it is in no list yet. */
struct ai_found_chunk *retrieve_chunk(struct retrieve_fused *fused, int64_t id);

struct retrieve_load {
    struct ai *ai;
    struct core_pool *pool;
    struct retrieve_fused *fused;
    struct ai_found *found;
    unsigned k;
    double repeat; /* how much a further chunk of a document counts */
};
/* Fills in the rows of chunks of `fused`. One that
 * is not there any more keeps a content_id of NULL. */
int retrieve_load(struct retrieve_load *load, const int64_t *ids, size_t count);

/* --- retrieve_document.c -------------------------------------------------------------------- */

/* Beginning and language of the candidates of which they are not known yet. 0 or an error. */
int retrieve_about(struct ai *ai, struct retrieve_fused *fused);
/* Adds to each candidate how near its document's beginning is to the question; found has a model. */
void retrieve_documents(struct ai *ai, const struct ai_found *found, struct retrieve_fused *fused);

/* retrieve_option.c: adds the chunks that define the options which the question names or wants. */
int retrieve_options(struct retrieve_load *load);

#endif
