/*
 * ratelimit.c: what each peer address may ask, and how many connections it has.
 *
 *     slots[hash] ─► peer ─► peer          chained by index
 *     oldest ⇄ … ⇄ newest                  by last use
 *
 * One entry an address (IPv6: a /64, which is what one household gets), in a table of fixed size. When
 * it is full, the peer that was quiet longest and has no connection gives way; the table holds more
 * peers than there may be connections. Buckets fill by the clock: tokens = rate × time, up to the
 * burst.
 */
#include "gate/inside.h"

#include <arpa/inet.h>
#include <assert.h>
#include <stdlib.h>

#define RATES (GATE_RATE_ASK + 1)
#define NONE UINT32_MAX

struct bucket {
    double tokens;
    uint64_t at_ms;
};

struct gate_peer {
    unsigned char key[16];
    uint32_t chain;        /* next with the same hash */
    uint32_t older, newer; /* by last use */
    unsigned connections;
    struct bucket buckets[RATES];
};

struct gate_peers {
    struct gate_peer peers[GATE_LIMIT_PEERS];
    uint32_t slots[GATE_LIMIT_PEERS];
    uint32_t count; /* entries ever used */
    uint32_t oldest, newest;
};

static const struct {
    double per_s, burst;
} limits[RATES] = {
    [GATE_RATE_LOGIN] = {GATE_LIMIT_LOGIN_RATE, GATE_LIMIT_LOGIN_BURST},
    [GATE_RATE_READ] = {GATE_LIMIT_READ_RATE, GATE_LIMIT_READ_BURST},
    [GATE_RATE_WRITE] = {GATE_LIMIT_WRITE_RATE, GATE_LIMIT_WRITE_BURST},
    [GATE_RATE_ASK] = {GATE_LIMIT_ASK_RATE, GATE_LIMIT_ASK_BURST},
};

static_assert(GATE_LIMIT_PEERS > GATE_LIMIT_CONNECTIONS + GATE_LIMIT_CONNECTIONS_OVER + 1,
              "a peer without connections must exist");

struct gate_peers *gate__peers_new(void)
{
    struct gate_peers *peers = core_alloc(sizeof *peers);
    for (uint32_t i = 0; i < GATE_LIMIT_PEERS; i++)
        peers->slots[i] = NONE;
    peers->oldest = peers->newest = NONE;
    return peers;
}

void gate__peers_free(struct gate_peers *peers)
{
    free(peers);
}

/* --- Table ---------------------------------------------------------------------------------- */

static void key_of(const char *address, unsigned char key[static 16])
{
    struct in6_addr v6;
    memset(key, 0, 16);
    if (inet_pton(AF_INET, address, key + 12) == 1) {
        key[10] = key[11] = 0xff;
    } else if (inet_pton(AF_INET6, address, &v6) == 1) {
        bool local = IN6_IS_ADDR_LOOPBACK(&v6);
        memcpy(key, &v6, local ? 16 : 8);
    }
    /* What is no address shares one entry. */
}

static uint32_t slot_of(const unsigned char key[static 16])
{
    return (uint32_t)(core_str_hash(core_strn(key, 16)) % GATE_LIMIT_PEERS);
}

static void unlink_age(struct gate_peers *t, uint32_t i)
{
    struct gate_peer *p = &t->peers[i];
    *(p->older == NONE ? &t->oldest : &t->peers[p->older].newer) = p->newer;
    *(p->newer == NONE ? &t->newest : &t->peers[p->newer].older) = p->older;
}

static void link_newest(struct gate_peers *t, uint32_t i)
{
    struct gate_peer *p = &t->peers[i];
    p->newer = NONE;
    p->older = t->newest;
    *(t->newest == NONE ? &t->oldest : &t->peers[t->newest].newer) = i;
    t->newest = i;
}

static void unlink_slot(struct gate_peers *t, uint32_t i)
{
    uint32_t *at = &t->slots[slot_of(t->peers[i].key)];
    while (*at != i)
        at = &t->peers[*at].chain;
    *at = t->peers[i].chain;
}

/* An entry for a new peer. */
static uint32_t claim(struct gate_peers *t)
{
    if (t->count < GATE_LIMIT_PEERS)
        return t->count++;
    uint32_t i = t->oldest;
    while (t->peers[i].connections > 0)
        i = t->peers[i].newer; /* ends: see the assertion above */
    unlink_age(t, i);
    unlink_slot(t, i);
    return i;
}

struct gate_peer *gate__peer_open(struct gate_peers *t, const char *address, uint64_t now_ms)
{
    unsigned char key[16];
    key_of(address, key);
    uint32_t *slot = &t->slots[slot_of(key)];
    uint32_t i = *slot;
    while (i != NONE && memcmp(t->peers[i].key, key, sizeof key))
        i = t->peers[i].chain;
    if (i == NONE) {
        i = claim(t);
        struct gate_peer *p = &t->peers[i];
        *p = (struct gate_peer){.chain = *slot}; /* claim() may have shortened this chain */
        memcpy(p->key, key, sizeof key);
        for (int rate = 0; rate < RATES; rate++)
            p->buckets[rate] = (struct bucket){limits[rate].burst, now_ms};
        *slot = i;
    } else {
        unlink_age(t, i);
    }
    link_newest(t, i);
    t->peers[i].connections++;
    return &t->peers[i];
}

void gate__peer_close(struct gate_peers *t, struct gate_peer *peer)
{
    (void)t;
    assert(peer->connections > 0);
    peer->connections--;
}

unsigned gate__peer_connections(const struct gate_peer *peer)
{
    return peer->connections;
}

/* --- Buckets -------------------------------------------------------------------------------- */

bool gate__peer_take(struct gate_peer *peer, enum gate_rate rate, uint64_t now_ms,
                     unsigned *ret_wait_s)
{
    if (rate == GATE_RATE_NONE)
        return true;
    struct bucket *b = &peer->buckets[rate];
    if (now_ms > b->at_ms) {
        b->tokens += (double)(now_ms - b->at_ms) / 1000 * limits[rate].per_s;
        if (b->tokens > limits[rate].burst)
            b->tokens = limits[rate].burst;
        b->at_ms = now_ms;
    }
    if (b->tokens >= 1) {
        b->tokens -= 1;
        return true;
    }
    *ret_wait_s = (unsigned)((1 - b->tokens) / limits[rate].per_s) + 1;
    return false;
}
