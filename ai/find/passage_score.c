/*
 * passage_score.c: features → log odds, by logistic regressions that tests/eval/fit.py fits on
 * tests/eval/questions.tsv. The numbers below are its output, but for LABEL, which manual pages do
 * not tell: chosen over tests/eval/home, the others as they were. Change the features, fit again.
 */
#include "ai/find/passage.h"

#include <math.h>

static const double score_weights[AI_PASSAGE_FEATURES + 1] = {
    [AI_PASSAGE_COSINE] = 2.439,  [AI_PASSAGE_WINDOW] = 0.966,    [AI_PASSAGE_TERMS] = 1.326,
    [AI_PASSAGE_ALL] = 1.011,     [AI_PASSAGE_TYPE] = 0.801,      [AI_PASSAGE_RANK] = 0.792,
    [AI_PASSAGE_KEYWORD] = 0.469, [AI_PASSAGE_HEADING] = 0.121,   [AI_PASSAGE_NAME] = 0.511,
    [AI_PASSAGE_SHORT] = -0.201,  [AI_PASSAGE_LONG] = -0.335,     [AI_PASSAGE_CODE] = -0.393,
    [AI_PASSAGE_TERMED] = 0.307,  [AI_PASSAGE_OPTION] = 1.738,    [AI_PASSAGE_DEFINES] = 0.423,
    [AI_PASSAGE_LABEL] = 0.6,     [AI_PASSAGE_FEATURES] = -6.051,
};
static const double confidence_weights[AI_CONFIDENCE_FEATURES + 1] = {
    [AI_CONFIDENCE_SCORE] = 2.064,     [AI_CONFIDENCE_COSINE] = 1.187,
    [AI_CONFIDENCE_WINDOW] = 0.428,    [AI_CONFIDENCE_COVERED] = 0.815,
    [AI_CONFIDENCE_MISSING] = -1.160,  [AI_CONFIDENCE_UNKNOWN] = -0.660,
    [AI_CONFIDENCE_NAME] = -1.789,     [AI_CONFIDENCE_TYPE] = 0.772,
    [AI_CONFIDENCE_BOTH] = -0.023,     [AI_CONFIDENCE_FOREIGN] = 0.908,
    [AI_CONFIDENCE_FEATURES] = -2.353,
};

static const double answerable_weights[AI_CONFIDENCE_FEATURES + 1] = {
    [AI_CONFIDENCE_SCORE] = 1.429,     [AI_CONFIDENCE_COSINE] = 2.116,
    [AI_CONFIDENCE_WINDOW] = 2.138,    [AI_CONFIDENCE_COVERED] = 0.520,
    [AI_CONFIDENCE_MISSING] = -1.694,  [AI_CONFIDENCE_UNKNOWN] = -1.199,
    [AI_CONFIDENCE_NAME] = -2.932,     [AI_CONFIDENCE_TYPE] = -0.487,
    [AI_CONFIDENCE_BOTH] = 0.196,      [AI_CONFIDENCE_FOREIGN] = 1.479,
    [AI_CONFIDENCE_FEATURES] = -0.314,
};

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
    enum ai_lang lang = p->count ? p->at[0].chunk->lang : found->lang;
    for (size_t i = 0; i < found->term_count; i++)
        if (!found->terms[i].chunks)
            ret[AI_CONFIDENCE_UNKNOWN] = fmaxf(ret[AI_CONFIDENCE_UNKNOWN],
                                               ai_term_missed(found, &found->terms[i], lang));
    ret[AI_CONFIDENCE_FOREIGN] = found->lang != AI_LANG_EN;
    if (!p->count)
        return;
    const struct ai_passage *best = &p->at[0];
    if (best->chunk->lang != AI_LANG_EN)
        ret[AI_CONFIDENCE_FOREIGN] = 1;
    ret[AI_CONFIDENCE_SCORE] = (float)(1 / (1 + exp(-best->score)));
    ret[AI_CONFIDENCE_COSINE] = best->features[AI_PASSAGE_COSINE];
    ret[AI_CONFIDENCE_WINDOW] = best->features[AI_PASSAGE_WINDOW];
    for (size_t i = 0; i < found->count; i++) {
        const struct ai_found_chunk *c = &found->chunks[i];
        float near = ai_view_near(ai_found_view(found, c->lang), c->lang, c->cosine);
        ret[AI_CONFIDENCE_WINDOW] = fmaxf(ret[AI_CONFIDENCE_WINDOW], near);
    }
    ret[AI_CONFIDENCE_COVERED] = best->features[AI_PASSAGE_ALL];
    ret[AI_CONFIDENCE_MISSING] = ai_passage_missing(found, best->chunk, false);
    if (best->coded) {
        ret[AI_CONFIDENCE_MISSING] *= AI_CODE_FOUND;
        ret[AI_CONFIDENCE_UNKNOWN] *= AI_CODE_FOUND;
    }
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
