#include "ai/model/breaker.h"

#include <assert.h>
#include <string.h>

static void open_for(struct ai_breaker *b, uint64_t wait_ms, uint64_t now_ms)
{
    b->state = AI_BREAKER_OPEN;
    b->wait_ms = wait_ms < AI_BREAKER_WAIT_MAX_MS ? wait_ms : AI_BREAKER_WAIT_MAX_MS;
    b->until_ms = now_ms + b->wait_ms;
    b->probing = false;
    memset(b->failed_ms, 0, sizeof b->failed_ms);
}

bool ai_breaker_ready(struct ai_breaker *b, uint64_t now_ms)
{
    if (b->state == AI_BREAKER_OPEN && now_ms >= b->until_ms)
        b->state = AI_BREAKER_HALF;
    return b->state == AI_BREAKER_CLOSED || (b->state == AI_BREAKER_HALF && !b->probing);
}

void ai_breaker_begin(struct ai_breaker *b, uint64_t now_ms)
{
    bool ready = ai_breaker_ready(b, now_ms);
    assert(ready);
    b->probing = b->state == AI_BREAKER_HALF;
}

void ai_breaker_passed(struct ai_breaker *b)
{
    /* One that began before it opened says nothing of now, but one that passes while the probe is
     * on its way says as much as the probe. */
    if (b->state != AI_BREAKER_OPEN)
        *b = (struct ai_breaker){.state = AI_BREAKER_CLOSED};
}

void ai_breaker_failed(struct ai_breaker *b, uint64_t now_ms)
{
    if (b->state == AI_BREAKER_OPEN)
        return;
    if (b->state == AI_BREAKER_HALF) {
        open_for(b, 2 * b->wait_ms, now_ms);
        return;
    }
    /* The oldest of the last N is the one that is about to be overwritten by this, the newest. */
    b->failed_ms[b->next] = now_ms + 1; /* 0 is none */
    b->next = (b->next + 1) % AI_BREAKER_FAILURES;
    uint64_t oldest = b->failed_ms[b->next];
    if (oldest && now_ms + 1 - oldest <= AI_BREAKER_WINDOW_MS)
        open_for(b, AI_BREAKER_WAIT_MS, now_ms);
}

void ai_breaker_dropped(struct ai_breaker *b)
{
    b->probing = false;
}
