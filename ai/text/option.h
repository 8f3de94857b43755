/*
 * option.h: options of programs, "-a" and "--archive", as people name them in questions and as
 * manuals define them. To keyword search they are letters and common words. Pure; any thread.
 */
#ifndef AI_TEXT_OPTION_H
#define AI_TEXT_OPTION_H

#include "core/str.h"

/* The options that a text names, as they are written (case matters), each once: "-a", "--max-size".
 * Pointers into text; returns their number, at most cap. */
size_t ai_options_find(struct core_str text, struct core_str *ret, size_t cap);
/* Does the text name just this option? "--delete" is not in "--delete-after". */
bool ai_option_named(struct core_str text, struct core_str option);
/* Is the line, or sentence, about that option? "-a, --archive", "The -a option …", "With -a …". */
bool ai_option_subject(struct core_str line, struct core_str option);

#endif
