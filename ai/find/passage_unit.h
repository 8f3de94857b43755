/* passage_unit.h: what the number that answers is a number of, and does a sentence hold one? Room
 * only; pure functions of a text. */
#ifndef AI_FIND_PASSAGE_UNIT_H
#define AI_FIND_PASSAGE_UNIT_H

#include "ai/text/text.h"

enum ai_answer_unit {
    AI_UNIT_ANY, /* as far as the question says */
    AI_UNIT_MONEY,
    AI_UNIT_SPAN, /* of time or space */
    AI_UNIT_AGE,
    AI_UNIT_WEIGHT,
    AI_UNIT_LOUDNESS,
    AI_UNIT_HEAT,
    AI_UNIT_CLOCK,
    AI_UNIT_OFTEN, /* how often; no number needs to be there: "daily" */
    AI_UNIT_PHONE,
    AI_UNIT_MAIL /* an address */
};
enum ai_answer_unit ai_answer_unit(struct core_str question);
/* Does the folded word only name a unit that its shape tells, as "phone" does? */
bool ai_answer_unit_word(enum ai_answer_unit unit, struct core_str folded);
/* It says what answers without any other number. */
bool ai_answer_unit_alone(enum ai_answer_unit unit);
/* Without one nothing answers: a price, an age, a phone number, an address. */
bool ai_answer_unit_needed(enum ai_answer_unit unit);
/* 1: the sentence names such a unit; else how well a number without can be meant. */
float ai_answer_unit_match(enum ai_answer_unit unit, struct core_str sentence);

/* The folded word that, before "long" or "many", asks for an amount. */
bool ai_answer_how(struct core_str folded);

#endif
