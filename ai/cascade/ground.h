/*
 * ground.h: L2, what the local model is asked and whether its answer may be shown. Room only; no
 * state, any thread.
 */
#ifndef AI_CASCADE_GROUND_H
#define AI_CASCADE_GROUND_H

#include "ai/find/passage.h"

/* System text (as given) and question with the best AI_GROUND_PASSAGES passages; strings live in
 * pool. The system text is nearly always the same, so that a model may keep what it has read of it.
 */
int ai_ground_prompt(const struct ai_passages *passages, struct core_str system,
                     struct core_str question, struct core_pool *pool,
                     struct ai_message ret[static 2]);
/* Is passage i one of those that the model is shown? One that lacks a code of the question ("E24")
 * which the best one has is about something else. */
bool ai_ground_shows(const struct ai_passages *passages, size_t i, struct core_str question);
/* For a client's own conversation: the passages as an addition to its system text (may be
 * empty). */
int ai_ground_context(const struct ai_passages *passages, struct core_str system,
                      struct core_pool *pool, struct core_str *ret_system);
/* How long the answer may be: short, unless the question wants more. */
unsigned ai_ground_tokens(struct core_str question);

/* Is every number, name, option and path of the sentence, and most of its words, in the evidence
 * (or in the question, which by itself proves nothing)? A small model puts words of the question
 * where they do not belong: of it only those are taken that the evidence has too, and numbers only
 * for what they are said of (clause.h). A sentence that denies something needs evidence that
 * does. */
bool ai_ground_supported(struct core_str sentence, struct core_str evidence,
                         struct core_str question, bool small);
/* Does it begin as the passages are shown ("From NAME: …")? Then it repeats one and answers nothing. */
bool ai_ground_echoes(const struct ai_passages *passages, struct core_str sentence);
/* Bytes of the first sentence: up to an end that is followed by white space or, if `whole`, by the
 * end of the text; 0 when there is none. */
size_t ai_ground_sentence(struct core_str text, bool whole);

#endif
