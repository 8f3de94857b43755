/*
 * llama_slots.h: several generations side by side in one llama.cpp context: what happens in a turn.
 * Engine thread only; knows nothing of threads, queues and the loop.
 *
 * Determinism: prompts are computed in pieces that begin at multiples of AI_LIMIT_PROMPT_PIECE and
 * are never mixed with other sequences, and a prefix kept from an earlier prompt is reused in whole
 * pieces only: what a prompt leaves behind does not depend on history. Each sequence has its own
 * dice and its own part of the attention memory. Generated tokens of several sequences share one
 * call; for weights whose kernels round alike for one row and for many (the default model's do)
 * text is the same alone and in company.
 */
#ifndef AI_MODEL_LLAMA_SLOTS_H
#define AI_MODEL_LLAMA_SLOTS_H

#include "ai/model/model.h"
#include "core/buf.h"

#include <stdatomic.h>

struct ai_llama_slots;
struct ai_llama_slots_options {
    const char *program, *path;
    unsigned threads, context_tokens, slots;
    atomic_bool *stop; /* gives up loading and computing once true */
    /* A slot has text to show (out is emptied by the receiver), or has ended: then it is free when
     * this returns. usage is set with status 0. */
    void (*on_text)(void *arg, void *job, struct core_buf *out);
    void (*on_end)(void *arg, void *job, int status, const struct ai_usage *usage);
    void *arg;
};
/* Loads the weights: blocking. CORE_ENOTFOUND, CORE_ECORRUPT, CORE_EUNSUPPORTED, CORE_ENOMEM,
 * CORE_ECANCELLED. */
int ai_llama_slots_new(const struct ai_llama_slots_options *options, struct ai_llama_slots **ret);
void ai_llama_slots_free(struct ai_llama_slots *slots);

bool ai_llama_slots_full(const struct ai_llama_slots *slots);
bool ai_llama_slots_idle(const struct ai_llama_slots *slots);
/* Gives the request a slot; not when full. On failure nothing is held: CORE_ETOOBIG,
 * CORE_EINVAL. */
int ai_llama_slots_start(struct ai_llama_slots *slots, const struct ai_generate *request,
                         void *job);
/* Ends, with CORE_ECANCELLED, those for which cancelled(arg, job). */
void ai_llama_slots_sweep(struct ai_llama_slots *slots, bool (*cancelled)(void *arg, void *job));
/* One token of every generating sequence; or, when prompts wait, a few, and then one piece of one
 * prompt, in rotation. */
void ai_llama_slots_turn(struct ai_llama_slots *slots);
/* For counting tokens. Thread-safe while the slots live. */
const struct llama_vocab *ai_llama_slots_vocab(const struct ai_llama_slots *slots);

#endif
