/*
 * tender.h: a thread that does what there is to do whenever it is woken, behind all others.
 */
#ifndef AI_INDEX_TENDER_H
#define AI_INDEX_TENDER_H

#include <stdatomic.h>

struct ai_tender;

/* tend(arg, stop) runs on the thread, once at the beginning and after every wake; it returns soon
 * when *stop. NULL: no thread could be had. */
struct ai_tender *ai_tender_new(void (*tend)(void *arg, const atomic_bool *stop), void *arg);
/* Any thread; accepts NULL. A wake while it runs makes it run once more. */
void ai_tender_wake(struct ai_tender *tender);
/* Stops and waits. Accepts NULL. */
void ai_tender_free(struct ai_tender *tender);

#endif
