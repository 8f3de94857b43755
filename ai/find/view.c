/* view.c: a vector of the question for each embedder, and their cosines on one scale. */
#include "ai/find/view.h"

#include "ai/room.h"

void ai_view_look(struct ai *ai, unsigned worker, enum ai_lang lang, const float *vector,
                  struct ai_view *view)
{
    memcpy(view->sought, vector, view->dimensions * sizeof *vector);
    view->neutral = view->embedder == AI_EMBEDDER_MULTI &&
                    ai_neutral_take(ai, worker, lang, view->sought);
}

/* From where on, and how much, cosines tell related from unrelated texts (tests/eval). */
float ai_view_near(const struct ai_view *view, enum ai_lang lang, float cosine)
{
    if (cosine <= -1)
        return 0;
    if (view->embedder == AI_EMBEDDER_ENGLISH)
        return cosine;
    if (view->neutral)
        return (cosine - .47f) * 3.3f;
    /* Who asks in English would rather read English. */
    return (cosine - .75f) * 4.5f - (lang != AI_LANG_EN ? AI_FOREIGN_FARTHER : 0);
}
