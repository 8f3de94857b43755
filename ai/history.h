/*
 * history.h: what the cascade needs of history.c besides the face in ai.h. Room only.
 */
#ifndef AI_HISTORY_H
#define AI_HISTORY_H

#include "ai/room.h"
#include "core/limits.h"
#include "core/mem.h"

/* The end of a conversation, before message `before` (empty: the newest). */
struct ai_history_question {
    struct core_str id, text;
};
struct ai_history_context {
    struct core_str last_id; /* newest message that is shown; empty when there is none */
    struct ai_history_question questions[2]; /* newest first */
    unsigned count;
};
/* Pool; blocking. CORE_ENOTFOUND when the conversation is not the owner's. */
int ai_history_context(struct ai *ai, struct core_str owner, struct core_str conversation,
                       struct core_str before, struct core_pool *pool,
                       struct ai_history_context *ret);
/* A new id for an answer that is given again: it sorts behind `message`
 * and before what follows it. ret: CORE_ID_SIZE bytes. CORE_ENOTFOUND when
 * that is no answer of the conversation. Pool; blocking. */
int ai_history_id_again(struct ai *ai, struct core_str conversation, struct core_str message,
                        char *ret);

/* One question with its answer. */
struct ai_history_turn {
    struct core_str owner, conversation, title, user_message, message, question, retry_of;
    int64_t at_ms;
    bool is_new; /* the conversation begins with it */
};
/* Statements that store the question; then, later, the answer. */
void ai_history_begin(struct store_batch *batch, const struct ai_history_turn *turn);
void ai_history_end(struct store_batch *batch, const struct ai_history_turn *turn,
                    struct core_str answer, bool answered, struct core_str receipt_json);

/* A new id that sorts behind `last` (an id or empty). ret: CORE_ID_SIZE bytes. */
void ai_history_id_after(const struct core_env *env, struct core_str last, char *ret);
/* The question in one line of at most AI_LIMIT_TITLE_AUTO bytes. */
struct core_str ai_history_title(struct core_str question,
                                 char out[static AI_LIMIT_TITLE_AUTO + 8]);

#endif
