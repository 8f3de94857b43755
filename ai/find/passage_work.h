/* passage_work.h: sentences with what is known about them. Shared by passage*.c only. */
#ifndef AI_FIND_PASSAGE_WORK_H
#define AI_FIND_PASSAGE_WORK_H

#include "ai/find/passage.h"

struct passage_sentence {
    struct ai_sentence s;
    unsigned chunk;       /* index in found->chunks */
    ai_terms own;         /* terms of the question that it holds */
    ai_terms codes;       /* codes of the question that it or what it stands under holds */
    struct core_str term; /* what the definition is of; may stand in the chunk before */
    ssize_t term_at;      /* the sentence that is this term, −1 when it is not in this chunk */
    bool asks;            /* is a question itself */
    bool labelled;        /* begins with a label: "Deposit: 400" */
    bool windowed;        /* it lies in a window that has a vector */
    float features[AI_PASSAGE_FEATURES];
    double score;
};
struct passage_work {
    struct ai *ai;
    const struct ai_found *found;
    enum ai_answer_unit unit; /* of the number asked for */
    ai_terms codes;           /* terms of the question that are codes: "E24" */
    struct core_pool *pool;
    struct passage_sentence *at;
    size_t count;
    size_t first[AI_LIMIT_PASSAGE_CHUNKS + 1]; /* where each chunk's sentences begin */
    unsigned chunks;
};

/* passage_sentence.c: fills `at` from the chunks, with features and a first guess as score. */
int passage_split(struct passage_work *work);
/* Is it the first row of a table and names its columns? Rows of two cells say what they say without
 * such names, and no name is a number. */
bool passage_names_columns(const struct passage_work *work, size_t i);
struct core_str passage_text(const struct passage_work *work, const struct passage_sentence *s);

#endif
