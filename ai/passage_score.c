/*
 * passage_score.c: features → log odds, by logistic regressions that tests/eval/fit.py fits on
 * tests/eval/questions.tsv. The numbers below are its output; change the features, fit again.
 */
#include "ai/passage.h"

#include <math.h>

static const double score_weights[AI_PASSAGE_FEATURES + 1] = {
    [AI_PASSAGE_COSINE] = 2.507,  [AI_PASSAGE_WINDOW] = 0.958,  [AI_PASSAGE_TERMS] = 1.438,
    [AI_PASSAGE_ALL] = 1.016,     [AI_PASSAGE_TYPE] = 0.917,    [AI_PASSAGE_RANK] = 0.841,
    [AI_PASSAGE_KEYWORD] = 0.377, [AI_PASSAGE_HEADING] = 0.261, [AI_PASSAGE_NAME] = 0.534,
    [AI_PASSAGE_SHORT] = -0.111,  [AI_PASSAGE_LONG] = -0.321,   [AI_PASSAGE_CODE] = -0.477,
    [AI_PASSAGE_TERMED] = 0.326,  [AI_PASSAGE_DEFINES] = 0.470, [AI_PASSAGE_FEATURES] = -6.116,
};
static const double confidence_weights[AI_CONFIDENCE_FEATURES + 1] = {
    [AI_CONFIDENCE_SCORE] = 2.514,     [AI_CONFIDENCE_COSINE] = 1.735,
    [AI_CONFIDENCE_WINDOW] = -0.178,   [AI_CONFIDENCE_COVERED] = 0.995,
    [AI_CONFIDENCE_MISSING] = -1.081,  [AI_CONFIDENCE_UNKNOWN] = -0.354,
    [AI_CONFIDENCE_NAME] = -1.743,     [AI_CONFIDENCE_TYPE] = 0.407,
    [AI_CONFIDENCE_BOTH] = -0.043,     [AI_CONFIDENCE_FOREIGN] = 0.603,
    [AI_CONFIDENCE_FEATURES] = -2.393,
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
