/*
 * embedder.h: text → unit vectors with a small local model (llama.cpp behind a face).
 *
 * The weights are shared; each *slot* has its own context, so that slot i may be used by worker i
 * of a pool without locks between them. Weights load on first use of any slot and leave memory
 * after idle_s without use. Blocking: pool threads only.
 */
#ifndef AI_MODEL_EMBEDDER_H
#define AI_MODEL_EMBEDDER_H

#include "core/env.h"

struct ai_embedder;
struct ai_embedder_options {
    const struct core_env *env;
    const char *program; /* this one: `PROGRAM model-probe FILE` (ai/ai.h) */
    const char *path;
    const char *name;           /* 'minilm', 'e5': the store's column */
    const char *query_prefix;   /* "" or "query: " */
    const char *passage_prefix; /* "" or "passage: " */
    unsigned dimensions;        /* 384; checked at load */
    unsigned window_tokens;     /* 128 */
    unsigned slots;
    unsigned threads;
    unsigned idle_s;
};
struct ai_embedder *ai_embedder_new(const struct ai_embedder_options *options);
void ai_embedder_free(struct ai_embedder *embedder);
const char *ai_embedder_name(const struct ai_embedder *embedder);
unsigned ai_embedder_dimensions(const struct ai_embedder *embedder);
/* File present and readable; does not load. */
int ai_embedder_check(const struct ai_embedder *embedder, char *why, size_t why_cap);

enum ai_embed_kind { AI_EMBED_QUERY, AI_EMBED_PASSAGE };
/* count texts → count × dimensions floats, each row of length 1. A text longer than the window and
 * AI_LIMIT_EMBED_TITLE_TOKENS (room for a title in front of a window) is cut. Texts go to the model
 * several at a time: pass many at once. CORE_ECANCELLED (stopped), CORE_ENOTFOUND, CORE_ECORRUPT
 * (file), CORE_EINVAL (a model of other dimensions, or for shorter texts), CORE_EUNSUPPORTED (the
 * processor), CORE_ENOMEM. */
int ai_embedder_run(struct ai_embedder *embedder, unsigned slot, enum ai_embed_kind kind,
                    const struct core_str *texts, size_t count, float *ret_vectors);
/* The same, and for parts of the texts, bytes [start, end) between words, sorted by text and start
 * and disjoint: the sum over the outputs of a part's tokens, which the model saw in the
 * surroundings of the whole text. Sums of a part that two texts hold may be added. All zero: the
 * part did not fit into its text's window, or the model makes its vectors in another way than by
 * the mean over tokens. */
struct ai_embed_part {
    size_t text, start, end;
};
int ai_embedder_run_parts(struct ai_embedder *embedder, unsigned slot, enum ai_embed_kind kind,
                          const struct core_str *texts, size_t count,
                          const struct ai_embed_part *parts, size_t part_count, float *ret_vectors,
                          float *ret_sums);
/* Splits text into windows of at most window_tokens tokens, at word boundaries, preferring sentence
 * ends: offsets [start, end). Returns the number of windows (≤ cap) or an error. */
ssize_t ai_embedder_windows(struct ai_embedder *embedder, unsigned slot, struct core_str text,
                            size_t (*ret_windows)[2], size_t cap);
/* From now on: what runs on the slot ends soon, and whatever
 * is asked of it, with CORE_ECANCELLED. Any thread. */
void ai_embedder_stop(struct ai_embedder *embedder, unsigned slot);
/* Are its weights in memory? Any thread; never waits. */
bool ai_embedder_loaded(const struct ai_embedder *embedder);
/* Called now and then (timer → pool): drops weights unused for idle_s. */
void ai_embedder_reap(struct ai_embedder *embedder);

#endif
