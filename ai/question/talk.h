/*
 * talk.h: the sentences that sky says itself: to a greeting, when the documents do not answer, when
 * there are none. In the language of the question (English, Czech, German). Any thread.
 */
#ifndef AI_QUESTION_TALK_H
#define AI_QUESTION_TALK_H

#include "ai/text/lang.h"

enum ai_talk {
    AI_TALK_GREETING,
    AI_TALK_THANKS,
    AI_TALK_ABOUT, /* who are you, what can you do */
    AI_TALK_LEAVE,
    AI_TALK_REFUSAL,
    AI_TALK_EMPTY, /* nothing was learned yet */
    AI_TALK_LEVEL, /* higher levels are switched off */
    AI_TALK_NONE
};
/* AI_TALK_NONE for a real question. */
enum ai_talk ai_talk_recognise(struct core_str message, enum ai_lang *ret_lang);
struct core_str ai_talk_text(enum ai_talk talk, enum ai_lang lang);

#endif
