/*
 * passage_score.c: features → log odds, by logistic regressions that tests/eval/fit.py fits on
 * tests/eval/questions.tsv. The numbers below are its output; change the features, fit again.
 */
#include "ai/passage.h"

#include <math.h>

static const double guess_weights[AI_PASSAGE_FEATURES + 1] = {
    [AI_PASSAGE_COSINE] = 0.000,  [AI_PASSAGE_WINDOW] = 2.219,  [AI_PASSAGE_TERMS] = 2.818,
    [AI_PASSAGE_ALL] = 1.844,     [AI_PASSAGE_TYPE] = 1.189,    [AI_PASSAGE_RANK] = 1.307,
    [AI_PASSAGE_KEYWORD] = 0.597, [AI_PASSAGE_HEADING] = 0.544, [AI_PASSAGE_NAME] = 1.253,
    [AI_PASSAGE_SHORT] = 0.003,   [AI_PASSAGE_LONG] = -0.834,   [AI_PASSAGE_CODE] = -0.527,
    [AI_PASSAGE_TERMED] = 0.438,  [AI_PASSAGE_DEFINES] = 0.992, [AI_PASSAGE_FEATURES] = 0.000,
};
static const double score_weights[AI_PASSAGE_FEATURES + 1] = {
    [AI_PASSAGE_COSINE] = 2.379,  [AI_PASSAGE_WINDOW] = 1.115,  [AI_PASSAGE_TERMS] = 1.372,
    [AI_PASSAGE_ALL] = 0.949,     [AI_PASSAGE_TYPE] = 0.673,    [AI_PASSAGE_RANK] = 0.713,
    [AI_PASSAGE_KEYWORD] = 0.311, [AI_PASSAGE_HEADING] = 0.339, [AI_PASSAGE_NAME] = 0.744,
    [AI_PASSAGE_SHORT] = -0.056,  [AI_PASSAGE_LONG] = -0.461,   [AI_PASSAGE_CODE] = -0.284,
    [AI_PASSAGE_TERMED] = 0.273,  [AI_PASSAGE_DEFINES] = 0.551, [AI_PASSAGE_FEATURES] = -5.564,
};
static const double confidence_weights[AI_CONFIDENCE_FEATURES + 1] = {
    [AI_CONFIDENCE_SCORE] = 2.647,     [AI_CONFIDENCE_COSINE] = 1.380,
    [AI_CONFIDENCE_WINDOW] = -0.054,   [AI_CONFIDENCE_COVERED] = 1.224,
    [AI_CONFIDENCE_MISSING] = -1.385,  [AI_CONFIDENCE_UNKNOWN] = -0.761,
    [AI_CONFIDENCE_NAME] = -1.211,     [AI_CONFIDENCE_TYPE] = 0.113,
    [AI_CONFIDENCE_BOTH] = 0.811,      [AI_CONFIDENCE_FOREIGN] = 0.281,
    [AI_CONFIDENCE_FEATURES] = -2.963,
};

/* The multilingual model's cosines all lie between .75 and .95. */
float ai_passage_cosine(unsigned embedder, float cosine)
{
    if (cosine <= -1)
        return 0;
    return embedder == AI_EMBEDDER_MULTI ? (cosine - .75f) * 4.5f : cosine;
}

static double linear(const double *weights, const float *features, unsigned n)
{
    double sum = weights[n];
    for (unsigned i = 0; i < n; i++)
        sum += weights[i] * features[i];
    return sum;
}

double ai_passage_guess(const float features[static AI_PASSAGE_FEATURES])
{
    return linear(guess_weights, features, AI_PASSAGE_FEATURES);
}

double ai_passage_score(const float features[static AI_PASSAGE_FEATURES])
{
    return linear(score_weights, features, AI_PASSAGE_FEATURES);
}

void ai_confidence_features(const struct ai_found *found, const struct ai_passages *p,
                            float ret[static AI_CONFIDENCE_FEATURES])
{
    memset(ret, 0, AI_CONFIDENCE_FEATURES * sizeof *ret);
    for (size_t i = 0; i < found->term_count; i++)
        if (!found->terms[i].chunks && found->terms[i].rarity > ret[AI_CONFIDENCE_UNKNOWN])
            ret[AI_CONFIDENCE_UNKNOWN] = found->terms[i].rarity;
    ret[AI_CONFIDENCE_FOREIGN] = found->lang != AI_LANG_EN;
    if (!p->count)
        return;
    const struct ai_passage *best = &p->at[0];
    ret[AI_CONFIDENCE_SCORE] = (float)(1 / (1 + exp(-best->score)));
    ret[AI_CONFIDENCE_COSINE] = best->features[AI_PASSAGE_COSINE];
    ret[AI_CONFIDENCE_WINDOW] = best->features[AI_PASSAGE_WINDOW];
    for (size_t i = 0; i < found->count; i++)
        ret[AI_CONFIDENCE_WINDOW] = fmaxf(
            ret[AI_CONFIDENCE_WINDOW], ai_passage_cosine(found->embedder, found->chunks[i].cosine));
    ret[AI_CONFIDENCE_COVERED] = best->features[AI_PASSAGE_ALL];
    ret[AI_CONFIDENCE_MISSING] = ai_passage_missing(found, best->chunk, false);
    ret[AI_CONFIDENCE_NAME] = ai_passage_missing(found, best->chunk, true);
    ret[AI_CONFIDENCE_TYPE] = best->features[AI_PASSAGE_TYPE];
    const struct ai_found_chunk *c = best->chunk;
    ret[AI_CONFIDENCE_BOTH] = c->keyword_rank && c->keyword_rank <= 10 && c->vector_rank &&
                              c->vector_rank <= 10;
}

double ai_confidence(const float features[static AI_CONFIDENCE_FEATURES])
{
    return 1 / (1 + exp(-linear(confidence_weights, features, AI_CONFIDENCE_FEATURES)));
}
