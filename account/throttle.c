/*
 * throttle.c: whoever guesses waits, longer each time. Counted by account, so that many addresses
 * together are no faster, and by address, so that one address cannot try many accounts; whether an
 * account exists makes no difference. In memory: a restart forgives. Loop thread.
 *
 * Tries of an account that are not answered yet count as if they had failed: many sent at once are
 * no more than one after the other.
 */
#include "account/room.h"

#include <arpa/inet.h>

uint64_t account__throttle_key(struct core_str kind, struct core_str of)
{
    unsigned char hash[CORE_SHA256_SIZE];
    uint64_t key;
    core_hmac_sha256(kind, of, hash);
    memcpy(&key, hash, sizeof key);
    return key | 1;
}

static bool forgotten(const struct account_try *t, uint64_t now_ms)
{
    return t->key == 0 || now_ms - t->last_ms > ACCOUNT_THROTTLE_FORGET_S * 1000ull;
}

/* The one of the key; else NULL. */
static struct account_try *find(struct account_throttle *t, uint64_t key, uint64_t now_ms)
{
    for (size_t i = 0; i < ACCOUNT_LIMIT_THROTTLED; i++) {
        if (t->tries[i].key == key) {
            return forgotten(&t->tries[i], now_ms) ? NULL : &t->tries[i];
        }
    }
    return NULL;
}

/* Where a new one goes: a free place, or that of the one that failed least lately. */
static struct account_try *place(struct account_throttle *t, uint64_t key, uint64_t now_ms)
{
    struct account_try *oldest = &t->tries[0];
    for (size_t i = 0; i < ACCOUNT_LIMIT_THROTTLED; i++) {
        struct account_try *one = &t->tries[i];
        if (forgotten(one, now_ms)) {
            oldest = one;
            break;
        }
        if (one->last_ms < oldest->last_ms) {
            oldest = one;
        }
    }
    *oldest = (struct account_try){.key = key, .last_ms = now_ms};
    return oldest;
}

unsigned account__throttle_wait(struct account_throttle *t, const uint64_t *keys, size_t count,
                                uint64_t now_ms)
{
    uint64_t until = 0;
    for (size_t i = 0; i < count; i++) {
        const struct account_try *one = find(t, keys[i], now_ms);
        if (one && one->until_ms > until) {
            until = one->until_ms;
        }
    }
    return until > now_ms ? (unsigned)((until - now_ms + 999) / 1000) : 0;
}

void account__throttle_failed(struct account_throttle *t, const uint64_t *keys, size_t count,
                              uint64_t now_ms)
{
    for (size_t i = 0; i < count; i++) {
        struct account_try *one = find(t, keys[i], now_ms);
        if (!one) {
            one = place(t, keys[i], now_ms);
        }
        one->last_ms = now_ms;
        one->failed++;
        if (one->failed >= ACCOUNT_THROTTLE_FREE) {
            unsigned over = one->failed - ACCOUNT_THROTTLE_FREE;
            uint64_t wait_s = over < 10 ? UINT64_C(1) << over : ACCOUNT_THROTTLE_MOST_S;
            one->until_ms = now_ms +
                            (wait_s < ACCOUNT_THROTTLE_MOST_S ? wait_s : ACCOUNT_THROTTLE_MOST_S) *
                                1000;
        }
    }
}

void account__throttle_passed(struct account_throttle *t, uint64_t key)
{
    for (size_t i = 0; i < ACCOUNT_LIMIT_THROTTLED; i++) {
        if (t->tries[i].key == key) {
            t->tries[i] = (struct account_try){0};
        }
    }
}

unsigned account__throttle_open(struct account_throttle *t, uint64_t key, uint64_t now_ms)
{
    struct account_try *one = find(t, key, now_ms);
    if (one && one->open > 0 && one->failed + one->open >= ACCOUNT_THROTTLE_FREE) {
        return 1;
    }
    if (!one) {
        one = place(t, key, now_ms);
    }
    one->open++;
    return 0;
}

void account__throttle_close(struct account_throttle *t, uint64_t key, uint64_t now_ms)
{
    struct account_try *one = find(t, key, now_ms);
    if (!one) {
        return;
    }
    one->open -= one->open > 0;
    if (one->open == 0 && one->failed == 0) {
        *one = (struct account_try){0};
    }
}

/* --- Accounts and addresses ------------------------------------------------------------------ */

/* Of IPv6 the first half: that is what one household has. */
static uint64_t key_of_address(struct core_str address)
{
    char text[INET6_ADDRSTRLEN];
    struct in6_addr v6;
    if (address.len < sizeof text) {
        account__copy(address, text, sizeof text);
        if (inet_pton(AF_INET6, text, &v6) == 1 && !IN6_IS_ADDR_V4MAPPED(&v6)) {
            return account__throttle_key(CORE_STR("address"), core_strn(&v6, 8));
        }
    }
    return account__throttle_key(CORE_STR("address"), address);
}

/* Of an e-mail address as it is typed, in lower case; of none there is no key. */
static size_t keys_of(struct core_str email, struct core_str address, uint64_t ret[static 2])
{
    char lower[ACCOUNT_LIMIT_EMAIL];
    size_t count = 0;
    if (email.len > 0 && email.len < sizeof lower) {
        for (size_t i = 0; i < email.len; i++) {
            char c = email.ptr[i];
            lower[i] = (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
        }
        ret[count++] = account__throttle_key(CORE_STR("account"), core_strn(lower, email.len));
    }
    ret[count++] = key_of_address(address);
    return count;
}

unsigned account_try(struct accounts *a, struct core_str email, struct core_str address)
{
    uint64_t keys[2], now_ms = core_mono_ms(a->env);
    size_t count = keys_of(email, address, keys);
    account__news_hear(a); /* those who only log in ask nothing else */
    unsigned wait_s = account__throttle_wait(&a->throttle, keys, count, now_ms);
    return wait_s > 0 || count < 2 ? wait_s : account__throttle_open(&a->throttle, keys[0], now_ms);
}

void account_tried(struct accounts *a, struct core_str email, struct core_str address,
                   enum account_outcome outcome)
{
    uint64_t keys[2], now_ms = core_mono_ms(a->env);
    size_t count = keys_of(email, address, keys);
    if (outcome == ACCOUNT_WRONG) {
        account__throttle_failed(&a->throttle, keys, count, now_ms);
    }
    if (count == 2) {
        account__throttle_close(&a->throttle, keys[0], now_ms);
    }
    if (count == 2 && outcome == ACCOUNT_RIGHT) {
        account__throttle_passed(&a->throttle, keys[0]);
    }
}
