/*
 * forms.h: words that are as good as a word of a question, though they do not begin alike: "wear"
 * and "worn", "abholen" and "abgeholt", "nájem" and "nájmu"; "price" and "cost". For English,
 * German and Czech. Any thread.
 */
#ifndef AI_TEXT_FORMS_H
#define AI_TEXT_FORMS_H

#include "ai/text/lang.h"
#include "core/mem.h"

#define AI_WORD_FORMS 12

/* Those of a folded word; strings live in the pool. Some that are made by rule
 * may not exist: they are found nowhere. Returns how many. */
size_t ai_word_forms(struct core_pool *pool, struct core_str folded, enum ai_lang lang,
                     struct core_str ret[static AI_WORD_FORMS]);

#endif
