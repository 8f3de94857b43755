/*
 * breaker.h: a circuit breaker: whoever failed often lately is left alone for a while, then tried
 * by one call before the others follow. Time comes in; no clock, no thread of its own.
 *
 *     CLOSED ── N failures within a window ──► OPEN ── its wait is over ──► HALF ── the probe passes ──► CLOSED
 *                                               ▲                            │
 *                                               └─── the probe fails: twice the wait, up to a cap
 */
#ifndef AI_MODEL_BREAKER_H
#define AI_MODEL_BREAKER_H

#include "core/limits.h"

#include <stdbool.h>
#include <stdint.h>

enum ai_breaker_state { AI_BREAKER_CLOSED, AI_BREAKER_OPEN, AI_BREAKER_HALF };

/* A zeroed one is closed. */
struct ai_breaker {
    enum ai_breaker_state state;
    uint64_t failed_ms[AI_BREAKER_FAILURES]; /* the last ones, a ring; 0 = none */
    unsigned next;
    uint64_t until_ms, wait_ms; /* OPEN: until when, and how long that is */
    bool probing;               /* HALF: one call is on its way */
};
/* Would a call be let through now? An open one whose wait is over is half open from here on. */
bool ai_breaker_ready(struct ai_breaker *breaker, uint64_t now_ms);
/* A call that is let through: asserts ai_breaker_ready(). Each is followed by exactly one of the
 * other three. Calls that began while it was closed may end in any state. */
void ai_breaker_begin(struct ai_breaker *breaker, uint64_t now_ms);
void ai_breaker_passed(struct ai_breaker *breaker);
void ai_breaker_failed(struct ai_breaker *breaker, uint64_t now_ms);
/* It ended without saying anything of the other side: it was cancelled. */
void ai_breaker_dropped(struct ai_breaker *breaker);

#endif
