/*
 * view.h: a question as one embedder sees it, and how near passages look from there. Room only;
 * pool threads, blocking.
 *
 * The English embedder reads no other language, the multilingual one is worse at English. So each
 * passage is looked at by the one that reads it, and what they say is brought to one scale.
 */
#ifndef AI_FIND_VIEW_H
#define AI_FIND_VIEW_H

#include "ai/text/lang.h"
#include "core/limits.h"

struct ai;

struct ai_view {
    const char *model;                 /* of the embedder; NULL when there is none */
    unsigned embedder;                 /* AI_EMBEDDER_… */
    unsigned dimensions;               /* these three are the caller's */
    bool neutral;                      /* `sought` is the question without its language's share */
    float sought[AI_LIMIT_DIMENSIONS]; /* what passages are compared with */
};

/* The vector and the language are the question's. */
void ai_view_look(struct ai *ai, unsigned worker, enum ai_lang lang, const float *vector,
                  struct ai_view *view);
/* The cosine of `sought` and a passage of that language on one scale: unrelated about .1, related
 * about .6; 0 when it is −1 or less, which stands for no vector. */
float ai_view_near(const struct ai_view *view, enum ai_lang lang, float cosine);

#endif
