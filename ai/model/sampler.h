/*
 * sampler.h: from a model's scores to the next token. Knows no model library.
 *
 * Order: repeat penalty on what was generated lately, then temperature, then top-p; temperature 0
 * takes the best (the lowest number among equals). The dice are the sampler's own, from the seed:
 * what else runs beside it changes nothing. One thread at a time.
 */
#ifndef AI_MODEL_SAMPLER_H
#define AI_MODEL_SAMPLER_H

#include "core/limits.h"

#include <stddef.h>
#include <stdint.h>

struct ai_sampler {
    double temperature, top_p, repeat_penalty;
    uint64_t dice;
    int32_t recent[AI_LIMIT_PENALTY_TOKENS]; /* a ring */
    size_t accepted;
};

void ai_sampler_init(struct ai_sampler *sampler, double temperature, double top_p,
                     double repeat_penalty, uint64_t seed);
/* logits is changed. scratch: n places, used for top_p < 1 only. n > 0. */
int32_t ai_sampler_next(struct ai_sampler *sampler, float *logits, size_t n, int32_t *scratch);

#endif
