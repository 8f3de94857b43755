/*
 * term.h: text as the keyword indexes see it: words,
 * and what stands for a word and its inflections.
 *
 * SQLite's FTS5 makes its terms itself (tokenizer "porter unicode61 remove_diacritics 2"); these
 * are the same ones, for the engines that have no such thing. Pure functions; any thread.
 */
#ifndef AI_INDEX_TERM_H
#define AI_INDEX_TERM_H

#include "core/limits.h"
#include "core/str.h"

/* The next word from *at on, folded to small letters; its length, or 0 at the end. An overlong run
 * of letters is skipped. */
size_t ai_term_word(struct core_str text, size_t *at, char out[static AI_LIMIT_QUERY_WORD]);
/* Makes a folded word a term in place: no marks on letters, and the stem by Porter's algorithm
 * (1980). Returns its length, which is never more, and 0 for a word of nothing but marks. */
size_t ai_term_make(char *word, size_t len);

#endif
