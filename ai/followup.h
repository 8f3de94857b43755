/* followup.h: does a question lean on the one before ("and for IPv6?")? Room only; any thread. */
#ifndef AI_FOLLOWUP_H
#define AI_FOLLOWUP_H

#include "core/str.h"

bool ai_followup(struct core_str question);

#endif
