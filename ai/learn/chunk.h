/*
 * chunk.h: extracted text → passages for retrieval: about AI_CHUNK_WORDS words, never more than
 * AI_LIMIT_CHUNK_TOKENS estimated model tokens, cut between sentences and preferably at headings.
 * A chunk is an exact slice of the text. No state; any thread.
 */
#ifndef AI_LEARN_CHUNK_H
#define AI_LEARN_CHUNK_H

#include "ai/extract/doc.h"

struct ai_chunk {
    size_t start, end; /* of the text */
    /* In ai_chunks.headings: "Chapter > Section", may be empty. When the chunk goes on with a table,
     * the names of its columns are the last part: "Prices > Part | Stock | Price". */
    size_t heading_at, heading_len;
};
struct ai_chunks {
    struct ai_chunk *items;
    size_t count, cap;
    struct core_buf headings;
};
/* CORE_ETOOBIG above AI_LIMIT_CHUNKS, CORE_ENOMEM. On success ret is the caller's to clear. */
int ai_chunks_make(const struct ai_doc *doc, struct ai_chunks *ret);
void ai_chunks_done(struct ai_chunks *chunks);
struct core_str ai_chunk_heading(const struct ai_chunks *chunks, size_t index);

/* The file name without folder and suffixes ("…/apt.conf.5.gz" → "apt.conf.5"); points into it. */
struct core_str ai_chunk_name(struct core_str document);

#endif
