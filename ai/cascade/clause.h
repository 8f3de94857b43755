/*
 * clause.h: does what an answer says of a number stand beside that number? Room only; pure
 * functions of two texts.
 *
 *     "Excess: 250 for each claim; 1,000 for subsidence."
 *
 * holds every word of "the excess for subsidence is 250", which is wrong all the same.
 */
#ifndef AI_CASCADE_CLAUSE_H
#define AI_CASCADE_CLAUSE_H

#include "core/str.h"

/* Numbers that the evidence does not have say nothing here. */
bool ai_clause_supported(struct core_str sentence, struct core_str evidence);

#endif
