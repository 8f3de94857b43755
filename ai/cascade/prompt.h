/* prompt.h: the prompt and the prices in force, for
 * the files of ai/. The rest of prompt.c is in ai.h. */
#ifndef AI_CASCADE_PROMPT_H
#define AI_CASCADE_PROMPT_H

#include "ai/room.h"

/* When the room opens, the price once the model is there. */
int ai__prompt_load(struct ai *ai);
int ai__price_load(struct ai *ai);
/* What an answer of the local model costs, in millionths of a dollar. Any thread. */
int64_t ai__price_of(struct ai_local_price price, unsigned tokens_in, unsigned tokens_out);

#endif
