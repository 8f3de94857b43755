/* keyword_fill.h: the keyword index of contents that came into the store other than by learning. Inside ai/index only. */
#ifndef AI_INDEX_KEYWORD_FILL_H
#define AI_INDEX_KEYWORD_FILL_H

#include "ai/index/keyword.h"

/* Puts the chunks of each content whose first chunk `missing` names (SQL without parameters, some at a time) until it names
 * none. Blocking; a killed one goes on where it was. */
int ai_keyword_fill(struct store *store, const struct ai_keyword_engine *engine,
                    const char *missing);

#endif
