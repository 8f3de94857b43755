/*
 * passage_score.c: features → log odds, by logistic regressions that tests/eval/fit.py fits on
 * tests/eval/questions.tsv. The numbers below are its output; change the features, fit again.
 */
#include "ai/passage.h"

#include <math.h>

static const double score_weights[AI_PASSAGE_FEATURES + 1] = {
    [AI_PASSAGE_COSINE] = 2.449,    [AI_PASSAGE_WINDOW] = 0.971,  [AI_PASSAGE_TERMS] = 1.322,
    [AI_PASSAGE_ALL] = 1.006,       [AI_PASSAGE_TYPE] = 0.794,    [AI_PASSAGE_RANK] = 0.771,
    [AI_PASSAGE_KEYWORD] = 0.491,   [AI_PASSAGE_HEADING] = 0.106, [AI_PASSAGE_NAME] = 0.536,
    [AI_PASSAGE_SHORT] = -0.191,    [AI_PASSAGE_LONG] = -0.331,   [AI_PASSAGE_CODE] = -0.379,
    [AI_PASSAGE_TERMED] = 0.307,    [AI_PASSAGE_OPTION] = 1.739,  [AI_PASSAGE_DEFINES] = 0.422,
    [AI_PASSAGE_FEATURES] = -6.056,
};
static const double confidence_weights[AI_CONFIDENCE_FEATURES + 1] = {
    [AI_CONFIDENCE_SCORE] = 1.923,     [AI_CONFIDENCE_COSINE] = 1.281,
    [AI_CONFIDENCE_WINDOW] = 0.526,    [AI_CONFIDENCE_COVERED] = 0.907,
    [AI_CONFIDENCE_MISSING] = -1.417,  [AI_CONFIDENCE_UNKNOWN] = -0.460,
    [AI_CONFIDENCE_NAME] = -1.734,     [AI_CONFIDENCE_TYPE] = 0.726,
    [AI_CONFIDENCE_BOTH] = -0.164,     [AI_CONFIDENCE_FOREIGN] = 0.911,
    [AI_CONFIDENCE_FEATURES] = -2.235,
};

static const double answerable_weights[AI_CONFIDENCE_FEATURES + 1] = {
    [AI_CONFIDENCE_SCORE] = 1.424,     [AI_CONFIDENCE_COSINE] = 2.131,
    [AI_CONFIDENCE_WINDOW] = 2.156,    [AI_CONFIDENCE_COVERED] = 0.411,
    [AI_CONFIDENCE_MISSING] = -1.757,  [AI_CONFIDENCE_UNKNOWN] = -1.244,
    [AI_CONFIDENCE_NAME] = -2.876,     [AI_CONFIDENCE_TYPE] = -0.450,
    [AI_CONFIDENCE_BOTH] = 0.214,      [AI_CONFIDENCE_FOREIGN] = 1.441,
    [AI_CONFIDENCE_FEATURES] = -0.278,
};

/* From where on, and how much, cosines tell related from unrelated texts: by the English model, by the
 * multilingual one, and by that without the language's share. */
float ai_passage_cosine(const struct ai_found *found, float cosine)
{
    if (cosine <= -1)
        return 0;
    if (found->embedder == AI_EMBEDDER_ENGLISH)
        return cosine;
    return found->neutral ? (cosine - .35f) * 3 : (cosine - .75f) * 4.5f;
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
        ret[AI_CONFIDENCE_WINDOW] = fmaxf(ret[AI_CONFIDENCE_WINDOW],
                                          ai_passage_cosine(found, found->chunks[i].cosine));
    ret[AI_CONFIDENCE_COVERED] = best->features[AI_PASSAGE_ALL];
    ret[AI_CONFIDENCE_MISSING] = ai_passage_missing(found, best->chunk, false);
    ret[AI_CONFIDENCE_NAME] = ai_passage_missing(found, best->chunk, true);
    ret[AI_CONFIDENCE_TYPE] = best->features[AI_PASSAGE_TYPE];
    const struct ai_found_chunk *c = best->chunk;
    ret[AI_CONFIDENCE_BOTH] = c->keyword_rank && c->keyword_rank <= 10 && c->vector_rank &&
                              c->vector_rank <= 10;
}

static double probability(const double *weights, const float *features)
{
    return 1 / (1 + exp(-linear(weights, features, AI_CONFIDENCE_FEATURES)));
}

double ai_confidence(const float features[static AI_CONFIDENCE_FEATURES])
{
    return probability(confidence_weights, features);
}

double ai_answerable(const float features[static AI_CONFIDENCE_FEATURES])
{
    return probability(answerable_weights, features);
}
