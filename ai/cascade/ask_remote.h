/*
 * ask_remote.h: L3, remote models. cascade*.c and
 * remote.c only; loop thread unless it says otherwise.
 */
#ifndef AI_CASCADE_ASK_REMOTE_H
#define AI_CASCADE_ASK_REMOTE_H

#include "ai/ai.h"

struct ai_ask_state;
struct ai_remote_choice;

/* Any thread: is there one that may be asked? */
bool ask_remote_possible(const struct ai_ask_state *s);
/* Any thread: the worst case of the choice whose turn it is. */
struct account_cost ask_remote_worst(const struct ai_ask_state *s);
/* At the start of a question: the first choice that could be called now. */
void ask_remote_look(struct ai_ask_state *s);
/* Asks the choice whose turn it is, or whoever comes after it. */
void ask_remote_generate(struct ai_ask_state *s);
/* The client left during a call. One of a provider that ends what nobody takes is hung up on. Of
 * any other we hear for AI_REMOTE_LEFT_MS more: most answers end in that time and say what they
 * cost, where hanging up would cost the worst case. */
void ask_remote_left(struct ai_ask_state *s);
/* Leaves the timer or the queue. */
void ask_remote_unqueue(struct ai_ask_state *s);
/* A call ended there, or (NULL) there are other providers:
 * those who wait look again, as long as there is room. */
void ask_remote_wake(struct ai *ai, const struct ai_remote_choice *ended);

#endif
