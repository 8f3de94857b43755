/*
 * neutral.h: what a multilingual model tells about the language of a text, and not about its
 * meaning. Room only; pool threads, blocking.
 *
 * The vectors of each language lie around a point of their own, so that a Czech question
 * is nearer to any Czech passage than to the English one that answers it. Where that
 * point is, a text about nothing in particular shows; most of it is taken from the
 * question's vector. (Centring by language: Libovický, Rosa, Fraser 2020, "On the
 * Language Neutrality of Pre-trained Multilingual Representations".)
 */
#ifndef AI_FIND_NEUTRAL_H
#define AI_FIND_NEUTRAL_H

#include "ai/text/lang.h"
#include "core/limits.h"

struct ai;

/* The points that a worker has found so far; its own, so no locks. */
struct ai_neutral {
    bool known[AI_LANG_OTHER];
    float at[AI_LANG_OTHER][AI_LIMIT_DIMENSIONS];
};

/* Takes the language's share from a vector of the multilingual embedder, whose
 * length stays 1. False, the vector as it was: nothing is known of that language,
 * or the embedder does not work. English is left alone, since what it is compared
 * with is mostly English: there is nothing to make up for. */
bool ai_neutral_take(struct ai *ai, unsigned worker, enum ai_lang lang, float *vector);

#endif
