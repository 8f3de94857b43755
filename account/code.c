/*
 * code.c: one-time login codes, kept as hashes in memory.
 *
 * The address that `sky serve` prints carries one. A code works once, for a while, and never after
 * a restart. The newest few count: asking for many makes the oldest fall out.
 */
#include "account/room.h"

static void code_hash(struct core_str code, unsigned char out[static CORE_SHA256_SIZE])
{
    core_sha256(code, out);
}

static void code_drop(struct account_codes *c, size_t at)
{
    memmove(&c->items[at], &c->items[at + 1], (c->count - at - 1) * sizeof *c->items);
    c->count--;
}

void account__code_add(struct account_codes *c, struct core_str code)
{
    if (c->count == ACCOUNT_LIMIT_CODES) {
        code_drop(c, 0);
    }
    struct account_code *item = &c->items[c->count++];
    code_hash(code, item->hash);
    item->expires_mono_ms = core_mono_ms(c->env) + ACCOUNT_LIMIT_CODE_S * 1000ull;
}

bool account__code_use(struct account_codes *c, struct core_str code)
{
    unsigned char hash[CORE_SHA256_SIZE];
    uint64_t now = core_mono_ms(c->env);
    bool found = false;
    code_hash(code, hash);
    for (size_t i = c->count; i-- > 0;) {
        const struct account_code *item = &c->items[i];
        if (core_crypto_eq(core_strn(hash, sizeof hash), core_strn(item->hash, sizeof hash))) {
            found = now < item->expires_mono_ms;
            code_drop(c, i);
            break;
        }
    }
    return found;
}
