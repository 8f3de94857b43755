/* retrieve_work.h: chunks on their way from the lists to the best k. Shared by retrieve*.c only. */
#ifndef AI_RETRIEVE_WORK_H
#define AI_RETRIEVE_WORK_H

#include "ai/retrieve.h"

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
    struct ai_found_chunk *chunk;
    struct retrieve_fused *fused;
    struct ai_found *found;
    unsigned k;
    bool got;
};
/* Fills in the row of a chunk; load->got says whether it is still there. */
int retrieve_load(struct retrieve_load *load, struct ai_found_chunk *chunk);

/* retrieve_option.c: adds the chunks that define the options which the question names. */
int retrieve_options(struct retrieve_load *load);

#endif
