/*
 * ratelimit.c: what each peer address, account and API key may ask, and how many connections and
 * open requests an address has.
 *
 *     slots[hash] ─► peer ─► peer          chained by index
 *     oldest ⇄ … ⇄ newest                  by last use
 *
 * One entry an address (IPv6: a /64, which is what one household gets), account or key, in tables
 * of fixed size. When one is full, the peer that was quiet longest and has no connection gives way;
 * the table of addresses holds more peers than there may be connections. Buckets fill by the clock:
 * tokens = rate × time, up to the burst. What an address may is fixed, by class; what an account
 * may is its tier's, and a key's is its own.
 */
#include "gate/inside.h"

#include <arpa/inet.h>
#include <assert.h>
#include <math.h>
#include <stdlib.h>

#define RATES (GATE_RATE_ASK + 1)
#define NONE UINT32_MAX
#define KEY 32

static_assert(1 + CORE_ID_SIZE - 1 <= KEY, "ids fit");

struct bucket {
    double tokens;
    uint64_t at_ms;
};

struct gate_peer {
    unsigned char key[KEY]; /* kind, and an address or id */
    uint32_t chain;         /* next with the same hash */
    uint32_t older, newer;  /* by last use */
    unsigned connections, requests;
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

static void key_of_address(const char *address, unsigned char key[static KEY])
{
    struct in6_addr v6;
    memset(key, 0, KEY);
    if (inet_pton(AF_INET, address, key + 12) == 1) {
        key[10] = key[11] = 0xff;
    } else if (inet_pton(AF_INET6, address, &v6) == 1) {
        bool local = IN6_IS_ADDR_LOOPBACK(&v6);
        memcpy(key, &v6, local ? 16 : 8);
    }
    /* What is no address shares one entry. */
}

static void key_of_client(enum gate_client kind, const char *id, unsigned char key[static KEY])
{
    memset(key, 0, KEY);
    key[0] = (unsigned char)kind;
    memcpy(key + 1, id, strnlen(id, KEY - 1));
}

static uint32_t slot_of(const unsigned char key[static KEY])
{
    return (uint32_t)(core_str_hash(core_strn(key, KEY)) % GATE_LIMIT_PEERS);
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

/* The entry of the key, made when there is none, and the newest now. */
static struct gate_peer *entry_of(struct gate_peers *t, const unsigned char key[static KEY],
                                  uint64_t now_ms)
{
    uint32_t *slot = &t->slots[slot_of(key)];
    uint32_t i = *slot;
    while (i != NONE && memcmp(t->peers[i].key, key, KEY))
        i = t->peers[i].chain;
    if (i == NONE) {
        i = claim(t);
        struct gate_peer *p = &t->peers[i];
        *p = (struct gate_peer){.chain = *slot}; /* claim() may have shortened this chain */
        memcpy(p->key, key, KEY);
        /* Full, whatever that will be. */
        for (int rate = 0; rate < RATES; rate++)
            p->buckets[rate] = (struct bucket){HUGE_VAL, now_ms};
        *slot = i;
    } else if (t->newest == i) {
        return &t->peers[i];
    } else {
        unlink_age(t, i);
    }
    link_newest(t, i);
    return &t->peers[i];
}

struct gate_peer *gate__peer_open(struct gate_peers *t, const char *address, uint64_t now_ms)
{
    unsigned char key[KEY];
    key_of_address(address, key);
    struct gate_peer *p = entry_of(t, key, now_ms);
    p->connections++;
    return p;
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

void gate__peer_request(struct gate_peer *peer, int change)
{
    assert(change > 0 || peer->requests > 0);
    peer->requests += (unsigned)change;
}

unsigned gate__peer_requests(const struct gate_peer *peer)
{
    return peer->requests;
}

/* --- Buckets -------------------------------------------------------------------------------- */

static bool take(struct bucket *b, const char *what, double per_s, double burst, uint64_t now_ms,
                 struct gate_limit *ret)
{
    if (now_ms > b->at_ms) {
        b->tokens += (double)(now_ms - b->at_ms) / 1000 * per_s;
        b->at_ms = now_ms;
    }
    if (b->tokens > burst)
        b->tokens = burst;
    bool enough = b->tokens >= 1;
    if (enough)
        b->tokens -= 1;
    *ret = (struct gate_limit){.what = what,
                               .quota = (unsigned)burst,
                               .window_s = (unsigned)ceil(burst / per_s),
                               .left = (unsigned)b->tokens,
                               .full_s = (unsigned)ceil((burst - b->tokens) / per_s),
                               .wait_s = enough ? 0 : (unsigned)((1 - b->tokens) / per_s) + 1};
    return enough;
}

bool gate__peer_take(struct gate_peer *peer, enum gate_rate rate, uint64_t now_ms,
                     struct gate_limit *ret)
{
    if (rate == GATE_RATE_NONE) {
        *ret = (struct gate_limit){0};
        return true;
    }
    return take(&peer->buckets[rate], "address", limits[rate].per_s, limits[rate].burst, now_ms,
                ret);
}

void gate__peer_give_back(struct gate_peer *peer, enum gate_rate rate, double tokens)
{
    peer->buckets[rate].tokens += tokens; /* past the burst: cut at the next take */
}

bool gate__client_take(struct gate_peers *clients, enum gate_client kind, const char *id,
                       enum gate_rate rate, int64_t per_minute, uint64_t now_ms,
                       struct gate_limit *ret, struct gate_peer **ret_client)
{
    unsigned char key[KEY];
    key_of_client(kind, id, key);
    *ret_client = entry_of(clients, key, now_ms);
    return take(&(*ret_client)->buckets[rate], kind == GATE_CLIENT_KEY ? "key" : "account",
                (double)per_minute / 60, (double)per_minute, now_ms, ret);
}
