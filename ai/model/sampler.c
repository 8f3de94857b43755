/*
 * sampler.c: the next token (see sampler.h). Weights are exp((logit − best) /
 * temperature), summed in the order of the vocabulary, so that the same logits and seed
 * give the same token everywhere. For top-p only the candidates near the top are
 * sorted: the border is lowered until they weigh enough.
 */
#include "ai/model/sampler.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

void ai_sampler_init(struct ai_sampler *sampler, double temperature, double top_p,
                     double repeat_penalty, uint64_t seed)
{
    *sampler = (struct ai_sampler){
        .temperature = temperature, .top_p = top_p, .repeat_penalty = repeat_penalty, .dice = seed};
}

/* splitmix64: [0, 1) with 53 bits. */
static double roll(struct ai_sampler *sampler)
{
    uint64_t z = sampler->dice += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return (double)((z ^ z >> 31) >> 11) * 0x1p-53;
}

/* Each token of the ring once, however often it came. */
static void penalize(const struct ai_sampler *sampler, float *logits, size_t n)
{
    size_t count = sampler->accepted < AI_LIMIT_PENALTY_TOKENS ? sampler->accepted
                                                               : AI_LIMIT_PENALTY_TOKENS;
    for (size_t i = 0; i < count; i++) {
        int32_t token = sampler->recent[i];
        size_t before = 0;
        while (sampler->recent[before] != token)
            before++;
        if (before < i || (size_t)token >= n)
            continue;
        float *logit = &logits[token];
        *logit = (float)(*logit > 0 ? *logit / sampler->repeat_penalty
                                    : *logit * sampler->repeat_penalty);
    }
}

static int32_t best(const float *logits, size_t n)
{
    size_t at = 0;
    for (size_t i = 1; i < n; i++)
        if (logits[i] > logits[at] || isnan(logits[at]))
            at = i;
    return (int32_t)at;
}

/* Turns logits into weights in place; the sum. NaN weighs nothing. */
static double weigh(float *logits, size_t n, float top, double temperature)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        double weight = exp(((double)logits[i] - top) / temperature);
        logits[i] = weight > 0 ? (float)weight : 0;
        sum += logits[i];
    }
    return sum;
}

static int by_weight(const void *a, const void *b, void *arg)
{
    const float *weights = arg;
    int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
    if (weights[x] != weights[y])
        return weights[x] > weights[y] ? -1 : 1;
    return x < y ? -1 : 1;
}

/* Fills scratch with the fewest heaviest tokens that hold top_p of the sum; their weight in
 * *ret. */
static size_t nucleus(const float *weights, size_t n, double enough, int32_t *scratch,
                      double *ret_sum)
{
    size_t count = 0;
    double border = 1e-3;
    for (double sum = 0; sum < enough && border >= 0;) {
        count = 0;
        sum = 0;
        for (size_t i = 0; i < n; i++)
            if (weights[i] > border || (border == 0 && weights[i] > 0)) {
                scratch[count++] = (int32_t)i;
                sum += weights[i];
            }
        border = border > 1e-9 ? border * 1e-3 : border > 0 ? 0 : -1;
    }
    qsort_r(scratch, count, sizeof *scratch, by_weight, (void *)weights);
    size_t kept = 0;
    double sum = 0;
    while (kept < count && (kept == 0 || sum < enough))
        sum += weights[scratch[kept++]];
    *ret_sum = sum;
    return kept;
}

static int32_t draw(struct ai_sampler *sampler, float *logits, size_t n, int32_t *scratch)
{
    int32_t top = best(logits, n);
    double sum = weigh(logits, n, logits[top], sampler->temperature);
    if (!(sum > 0))
        return top;
    if (sampler->top_p >= 1) {
        double left = roll(sampler) * sum;
        for (size_t i = 0; i < n; i++)
            if ((left -= logits[i]) < 0)
                return (int32_t)i;
        return top;
    }
    size_t count = nucleus(logits, n, sampler->top_p * sum, scratch, &sum);
    double left = roll(sampler) * sum;
    for (size_t i = 0; i < count; i++)
        if ((left -= logits[scratch[i]]) < 0)
            return scratch[i];
    return top;
}

int32_t ai_sampler_next(struct ai_sampler *sampler, float *logits, size_t n, int32_t *scratch)
{
    assert(n > 0);
    if (sampler->repeat_penalty != 1)
        penalize(sampler, logits, n);
    int32_t token = sampler->temperature > 0 ? draw(sampler, logits, n, scratch) : best(logits, n);
    sampler->recent[sampler->accepted++ % AI_LIMIT_PENALTY_TOKENS] = token;
    return token;
}
