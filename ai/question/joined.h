/*
 * joined.h: words of a question that the documents write in other pieces. Room only; pool threads.
 *
 *     boiler shows F22         → F.22      one word, several in the documents
 *     what is the wi-fi key    → wifi      several words, one in the documents
 *     Dauer Kurzprogramm       → Kurz Programm    a German compound of two that a passage has
 *
 * As spell.h does, only what nobody can have meant is touched: a word that stands in no document.
 */
#ifndef AI_QUESTION_JOINED_H
#define AI_QUESTION_JOINED_H

#include "ai/room.h"
#include "ai/text/lang.h"
#include "ai/text/text.h"
#include "core/mem.h"

/* Reads a word, or `before` and it, as the documents write it; `before` may be NULL. False: as it is,
 * or on any error. ret->typed points into the question, ret->as is in the pool. *left, of a question
 * AI_LIMIT_JOINED_WORDS at first, counts the words down of which pieces are looked for: each is some
 * searches. */
bool ai_joined_read(struct ai *ai, struct core_pool *pool, struct core_str question,
                    enum ai_lang lang, const struct ai_word *before, const struct ai_word *word,
                    unsigned *left, struct ai_read_as *ret);

#endif
