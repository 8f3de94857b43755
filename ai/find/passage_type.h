/* passage_type.h: what kind of thing answers a question, and does a sentence hold one? Room
 * only. */
#ifndef AI_FIND_PASSAGE_TYPE_H
#define AI_FIND_PASSAGE_TYPE_H

#include "ai/find/passage_unit.h"
#include "ai/text/lang.h"

enum ai_answer_type {
    AI_ANSWER_OTHER,
    AI_ANSWER_DEFINITION, /* what is X */
    AI_ANSWER_HOW,        /* steps, commands */
    AI_ANSWER_COMMAND,    /* the name of a program */
    AI_ANSWER_OPTION,     /* -x, --long */
    AI_ANSWER_NUMBER,     /* amounts, sizes, ports, times */
    AI_ANSWER_PATH,       /* files and folders */
    AI_ANSWER_PLACE,      /* where: a path or any other place */
    AI_ANSWER_DATE,
    AI_ANSWER_PERSON
};
enum ai_answer_type ai_answer_type(struct core_str question);

/* Words that only name the type ("which option …"): a sentence answers without them. */
bool ai_answer_type_word(enum ai_answer_type type, struct core_str folded);
/* Verbs that say little about what is asked ("need", "use"). */
bool ai_answer_common_word(struct core_str folded);
/* 0 … 1: how well the sentence can be an answer of that type. */
float ai_answer_match(enum ai_answer_type type, struct core_str sentence,
                      enum ai_sentence_kind kind);

#endif
