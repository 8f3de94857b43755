/*
 * windows.h: cutting a text into windows of at most so many tokens, at word boundaries. Knows no
 * model: counting tokens is a function of the caller. Pure; any thread.
 */
#ifndef AI_MODEL_WINDOWS_H
#define AI_MODEL_WINDOWS_H

#include "core/str.h"

/* How many tokens a piece of text has, without marks of beginning and end. */
typedef size_t (*ai_token_counter)(void *arg, struct core_str piece);

/* Windows [start, end) that together hold every word, in order, without white space at their ends;
 * each has at most `tokens` tokens by `count`, which is taken to add up over words. A window that
 * is at least half full ends at a sentence's end if there is one in that half. Returns how many;
 * the text after the cap-th window is left out. */
size_t ai_windows_cut(struct core_str text, size_t tokens, ai_token_counter count, void *arg,
                      size_t (*ret_windows)[2], size_t cap);

#endif
