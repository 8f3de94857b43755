/* latent.h: unit vectors as embeddings are: few dimensions in which they really differ, noise in
 * all. Unlike clusters far apart, which any graph gets right, they tell a good one from a bad
 * one. */
#ifndef TESTS_UNIT_AI_INDEX_LATENT_H
#define TESTS_UNIT_AI_INDEX_LATENT_H

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

enum { LATENT = 24 };

static uint64_t latent_state = 1;

static inline float latent_uniform(void)
{
    latent_state = latent_state * 6364136223846793005u + 1442695040888963407u;
    return (float)(latent_state >> 40) / (float)(1 << 24);
}

/* Near enough to a normal distribution. */
static inline float latent_normal(void)
{
    float sum = 0;
    for (int i = 0; i < 6; i++)
        sum += latent_uniform();
    return (sum - 3) * 1.414f;
}

static inline void latent_fill(float *out, size_t count, size_t dimensions, uint64_t seed)
{
    float *map = malloc(LATENT * dimensions * sizeof *map);
    latent_state = 77; /* the same map for every seed */
    for (size_t i = 0; i < LATENT * dimensions; i++)
        map[i] = latent_normal();
    latent_state = seed;
    for (size_t v = 0; v < count; v++) {
        float *x = out + v * dimensions, hidden[LATENT], square = 0;
        for (int k = 0; k < LATENT; k++)
            hidden[k] = latent_normal();
        for (size_t i = 0; i < dimensions; i++) {
            x[i] = latent_normal();
            for (int k = 0; k < LATENT; k++)
                x[i] += hidden[k] * map[(size_t)k * dimensions + i];
            square += x[i] * x[i];
        }
        for (size_t i = 0; i < dimensions; i++)
            x[i] /= sqrtf(square);
    }
    free(map);
}

#endif
