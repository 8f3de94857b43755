/*
 * llama_prompt.h: a conversation → the tokens a chat model
 * wants, by the model's own template. Engine thread.
 */
#ifndef AI_MODEL_LLAMA_PROMPT_H
#define AI_MODEL_LLAMA_PROMPT_H

#include "ai/model/model.h"

struct llama_model;

/* What is needed to know of a model to prompt it; made once when it is loaded. */
struct ai_llama_prompter;
struct ai_llama_prompter *ai_llama_prompter_new(const struct llama_model *model);
void ai_llama_prompter_free(struct ai_llama_prompter *prompter);
/* The end mark of the fallback template where the model has no token for it, else empty: to be used
 * as a stop string. */
struct core_str ai_llama_prompter_stop(const struct ai_llama_prompter *prompter);
/* Writes at most cap tokens. Text of messages is never read as a control token. CORE_ETOOBIG: the
 * prompt has more than cap; CORE_EINVAL: no message, or an unknown role. */
int ai_llama_prompt(const struct ai_llama_prompter *prompter, const struct ai_message *messages,
                    size_t count, int32_t *ret_tokens, size_t cap, size_t *ret_count);

#endif
