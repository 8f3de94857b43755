/*
 * excerpt.h: which part of a passage to show: the one where the words that were asked for stand.
 * No allocation; any bytes are accepted.
 */
#ifndef SHELL_EXCERPT_H
#define SHELL_EXCERPT_H

#include "core/str.h"

/* The end of the run of letters, or of other characters, that begins at `at`. */
size_t shell_excerpt_run(struct core_str text, size_t at, bool *ret_word);
/* Is it one of the words, in any case and without its accents, a longer one that begins with it, or
 * another form of it? */
bool shell_excerpt_hit(struct core_str word, struct core_str words);
/* Does any of them stand there? */
bool shell_excerpt_holds(struct core_str text, struct core_str words);
/* Where `bytes` bytes of text begin that hold the most of the words, the first of them a little
 * behind; 0 where none stands there. */
size_t shell_excerpt_begin(struct core_str text, struct core_str words, size_t bytes);

#endif
