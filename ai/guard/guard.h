/*
 * guard.h: do two questions ask the same thing? The gate in front of the semantic cache.
 *
 * Vectors put "how do I enable X" next to "how do I disable X"; no threshold tells them apart. So a
 * near vector is only a candidate, and this decides by words: everything in a question counts
 * unless it stands on a short list of words that never change the meaning. Numbers, names, options,
 * negations, opposites, tense, the kind of question, and who does what to whom must all agree. When
 * in doubt the answer is no: a miss costs a second, a wrong hit costs trust.
 *
 * English, Czech and German have word lists; in other languages the words must be equal in order.
 * No allocation; any thread; any bytes.
 */
#ifndef AI_GUARD_GUARD_H
#define AI_GUARD_GUARD_H

#include "core/buf.h"

bool ai_guard_agree(struct core_str a, struct core_str b);

/* Appends the form of a question under which equal ones are found: letters in lower case, single
 * spaces, no closing punctuation. What is not plain words (options, paths, "C++") keeps its
 * case. */
int ai_guard_normalise(struct core_str question, struct core_buf *out);

#endif
