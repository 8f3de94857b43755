/*
 * spell.h: words of a question that were mistyped. Room only; pool threads.
 *
 *     Which option of ssh-keygen specifies the type of key to craete?   → create
 *
 * Only what nobody can have meant is touched: a word that stands in no document and that the
 * dictionary of GENOM does not know, or knows as so rare that it is a slip itself ("recieve"). It
 * becomes the word of the documents, or the function word, that one slip of the finger makes it of
 * (Damerau, 1964: a letter too many, one missing, a wrong one, two in the wrong order). A first
 * letter only changes places with the second. Names and what holds a digit stay: Hana is not Hanna.
 * What is written in other pieces in the documents is read as it stands there first (joined.h).
 */
#ifndef AI_QUESTION_SPELL_H
#define AI_QUESTION_SPELL_H

#include "ai/room.h"
#include "ai/text/lang.h"
#include "core/mem.h"

/* The question as it was meant, in the pool, and in ret_words the words that are other ones now; the
 * same string when there are none, when there is no dictionary, or on any error. */
struct core_str ai_spell_question(struct ai *ai, struct core_pool *pool, struct core_str question,
                                  enum ai_lang lang,
                                  struct ai_read_as ret_words[static AI_LIMIT_SPELL_WORDS],
                                  size_t *ret_count);

/* --- Slips: for spell.c and its test ---------------------------------------------------------- */

/* Longer words are left as they are. */
#define AI_SLIP_WORD 24
/* Letters left out, swapped, changed, put in, of the longest word. */
#define AI_SLIPS_MAX (2 * AI_SLIP_WORD + 25 * AI_SLIP_WORD + 26 * (AI_SLIP_WORD + 1))

struct ai_slip {
    char word[AI_SLIP_WORD + 1];
    uint8_t len;
    uint8_t at;   /* where it differs from what was typed */
    uint8_t cost; /* 0: the most likely */
};
/* What may have been meant by a word of a … z; count, 0 for any other word. Some twice. */
size_t ai_slips_of(struct core_str word, struct ai_slip ret[static AI_SLIPS_MAX]);

#endif
