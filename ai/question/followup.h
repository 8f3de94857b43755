/* followup.h: does a question lean on the one before ("and for IPv6?")? Room only; any thread. */
#ifndef AI_QUESTION_FOLLOWUP_H
#define AI_QUESTION_FOLLOWUP_H

#include "core/str.h"

bool ai_followup(struct core_str question);
/* Does it ask the same of something else of the same kind ("what does E15 mean?", "and E24?")? Then
 * these two stand for each other; they lie in `before` and `question`. */
bool ai_followup_swaps(struct core_str before, struct core_str question, struct core_str *ret_old,
                       struct core_str *ret_new);
/* May the answer depend on what was said before? Wider than ai_followup(): any word that points at
 * something counts, however much the question says itself. */
bool ai_followup_refers(struct core_str question);

#endif
