/* test_breaker.c: the way through its states, and
 * random walks beside a plain model that remembers all. */
#include "ai/model/breaker.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static void fall(struct ai_breaker *b, uint64_t now)
{
    ai_breaker_begin(b, now);
    ai_breaker_failed(b, now);
}

static void it_opens_and_closes(void **state)
{
    struct ai_breaker b = {0};
    uint64_t now = 1000;
    (void)state;
    for (unsigned i = 0; i < AI_BREAKER_FAILURES; i++) {
        assert_true(ai_breaker_ready(&b, now));
        fall(&b, now++);
    }
    assert_int_equal(b.state, AI_BREAKER_OPEN);
    assert_false(ai_breaker_ready(&b, now));
    now += AI_BREAKER_WAIT_MS;
    assert_true(ai_breaker_ready(&b, now));
    ai_breaker_begin(&b, now);
    assert_false(ai_breaker_ready(&b, now)); /* one probe */
    ai_breaker_failed(&b, now);
    assert_false(ai_breaker_ready(&b, now + AI_BREAKER_WAIT_MS));
    now += 2 * AI_BREAKER_WAIT_MS;
    assert_true(ai_breaker_ready(&b, now));
    ai_breaker_begin(&b, now);
    ai_breaker_dropped(&b); /* cancelled: the next may probe */
    assert_true(ai_breaker_ready(&b, now));
    ai_breaker_begin(&b, now);
    ai_breaker_passed(&b);
    assert_int_equal(b.state, AI_BREAKER_CLOSED);
    fall(&b, now);
    assert_true(ai_breaker_ready(&b, now)); /* what was before it closed is forgotten */
}

static void old_failures_do_not_count(void **state)
{
    struct ai_breaker b = {0};
    uint64_t now = 0;
    (void)state;
    for (unsigned i = 0; i < 10 * AI_BREAKER_FAILURES; i++) {
        fall(&b, now);
        now += AI_BREAKER_WINDOW_MS / (AI_BREAKER_FAILURES - 1) + 1;
        assert_true(ai_breaker_ready(&b, now));
    }
}

static void the_wait_has_a_cap(void **state)
{
    struct ai_breaker b = {0};
    uint64_t now = 5;
    (void)state;
    for (unsigned i = 0; i < AI_BREAKER_FAILURES; i++)
        fall(&b, now);
    for (unsigned i = 0; i < 100; i++) {
        now = b.until_ms;
        assert_true(ai_breaker_ready(&b, now));
        fall(&b, now);
        assert_in_range(b.wait_ms, AI_BREAKER_WAIT_MS, AI_BREAKER_WAIT_MAX_MS);
    }
}

/* The model: every failure since it was closed last. */
struct plain {
    enum ai_breaker_state state;
    uint64_t fails[4096], until, wait;
    unsigned count;
    bool probing;
};

static void plain_open(struct plain *p, uint64_t wait, uint64_t now)
{
    p->state = AI_BREAKER_OPEN;
    p->wait = wait < AI_BREAKER_WAIT_MAX_MS ? wait : AI_BREAKER_WAIT_MAX_MS;
    p->until = now + p->wait;
    p->count = 0;
    p->probing = false;
}

static void plain_failed(struct plain *p, uint64_t now)
{
    unsigned lately = 0;
    if (p->state == AI_BREAKER_OPEN)
        return;
    if (p->state == AI_BREAKER_HALF) {
        plain_open(p, 2 * p->wait, now);
        return;
    }
    p->fails[p->count++ % 4096] = now;
    for (unsigned i = 0; i < p->count && i < 4096; i++)
        lately += now - p->fails[i] <= AI_BREAKER_WINDOW_MS;
    if (lately >= AI_BREAKER_FAILURES)
        plain_open(p, AI_BREAKER_WAIT_MS, now);
}

static unsigned dice(uint64_t *seed, unsigned sides)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(*seed >> 33) % sides;
}

static void walk(uint64_t seed)
{
    struct ai_breaker b = {0};
    static struct plain p;
    uint64_t now = dice(&seed, 1000000);
    unsigned running = 0, opened = 0;
    memset(&p, 0, sizeof p);
    for (unsigned step = 0; step < 3000; step++) {
        now += dice(&seed, 4) ? dice(&seed, 2000) : dice(&seed, 60000);
        if (p.state == AI_BREAKER_OPEN && now >= p.until)
            p.state = AI_BREAKER_HALF;
        bool ready = p.state == AI_BREAKER_CLOSED || (p.state == AI_BREAKER_HALF && !p.probing);
        assert_int_equal(ai_breaker_ready(&b, now), ready);
        assert_int_equal(b.state, p.state);
        opened += p.state == AI_BREAKER_OPEN;
        if (ready && running < 8 && dice(&seed, 2)) {
            ai_breaker_begin(&b, now);
            p.probing = p.state == AI_BREAKER_HALF;
            running++;
        } else if (running) {
            running--;
            switch (dice(&seed, 4)) {
            case 0:
                ai_breaker_passed(&b);
                if (p.state != AI_BREAKER_OPEN) {
                    p.state = AI_BREAKER_CLOSED;
                    p.count = 0;
                    p.probing = false;
                }
                break;
            case 1:
                ai_breaker_dropped(&b);
                p.probing = false;
                break;
            default:
                ai_breaker_failed(&b, now);
                plain_failed(&p, now);
            }
        }
    }
    assert_true(opened > 0);
}

static void random_walks_agree_with_the_model(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 200; seed++)
        walk(seed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_opens_and_closes),
        cmocka_unit_test(old_failures_do_not_count),
        cmocka_unit_test(the_wait_has_a_cap),
        cmocka_unit_test(random_walks_agree_with_the_model),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
