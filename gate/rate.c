/*
 * rate.c: how fast a request's address, account and key may ask, and what the answer says of it
 * (draft-ietf-httpapi-ratelimit-headers):
 *
 *     RateLimit-Policy: "account";q=20;w=60      so many in so many seconds
 *     RateLimit: "account";r=19;t=3              left of them; all are there again in so many
 *
 * Whoever is refused by one limit gives back what was taken from the others, so that an account
 * that asks too often takes nothing from those who share its address.
 */
#include "gate/inside.h"

/* What is left of one is less than what is left of the other, each of its own. */
static bool nearer(const struct gate_limit *a, const struct gate_limit *b)
{
    return !b->what || (uint64_t)a->left * b->quota < (uint64_t)b->left * a->quota;
}

static size_t put_text(char *out, size_t at, const char *text)
{
    size_t len = strlen(text);
    memcpy(out + at, text, len);
    return at + len;
}

/* `"what";a=1;b=2` */
static void put_field(struct gate_request *r, const char *name, const char *what, const char *first,
                      unsigned a, const char *second, unsigned b)
{
    char text[16 + 2 * (CORE_I64_SIZE + 3)];
    size_t at = put_text(text, 0, "\"");
    at = put_text(text, at, what);
    at = put_text(text, at, first);
    at += core_str_from_u64(a, text + at);
    at = put_text(text, at, second);
    at += core_str_from_u64(b, text + at);
    gate_reply_header(r, name, core_strn(text, at));
}

static void tell(struct gate_request *r, const struct gate_limit *limit)
{
    put_field(r, "ratelimit-policy", limit->what, "\";q=", limit->quota, ";w=", limit->window_s);
    put_field(r, "ratelimit", limit->what, "\";r=", limit->left, ";t=", limit->full_s);
}

static bool refuse(struct gate_request *r, const struct gate_limit *limit)
{
    tell(r, limit);
    gate__reply_limited(r, limit);
    return false;
}

/* Reading is bounded by address where no client of today gets: not worth a word in each answer. */
static bool worth_telling(enum gate_rate rate)
{
    return rate != GATE_RATE_READ && rate != GATE_RATE_NONE;
}

bool gate__rate_address(struct gate_request *r, enum gate_rate rate)
{
    struct gate_limit limit;
    if (!gate__peer_take(r->conn->peer, rate, gate__now_ms(r->gate), &limit))
        return refuse(r, &limit);
    if (worth_telling(rate))
        r->limit = limit;
    if (r->limit.what && (!r->route || r->route->auth == GATE_OPEN))
        tell(r, &r->limit);
    return true;
}

static int64_t per_minute(const struct account_tier *tier, enum gate_rate rate)
{
    switch (rate) {
    case GATE_RATE_READ:
        return tier->read_minute;
    case GATE_RATE_WRITE:
        return tier->write_minute;
    case GATE_RATE_ASK:
        return tier->ask_minute;
    default:
        return ACCOUNT_UNLIMITED;
    }
}

bool gate__rate_account(struct gate_request *r, const struct account_tier *tier)
{
    enum gate_rate rate = r->route->rate;
    int64_t of_account = per_minute(tier, rate);
    struct gate_limit limit;
    struct gate_peer *account = NULL, *key;
    uint64_t now_ms = of_account != ACCOUNT_UNLIMITED || r->account->key ? gate__now_ms(r->gate)
                                                                         : 0;
    if (of_account != ACCOUNT_UNLIMITED) {
        if (!gate__client_take(r->gate->clients, GATE_CLIENT_ACCOUNT, r->account->id, rate,
                               of_account, now_ms, &limit, &account)) {
            gate__peer_give_back(r->conn->peer, rate, 1);
            return refuse(r, &limit);
        }
        if (nearer(&limit, &r->limit))
            r->limit = limit;
    }
    /* A key has one bucket, whatever it asks: the one that no class uses. */
    if (r->account->key && r->account->minute != ACCOUNT_UNLIMITED && rate != GATE_RATE_NONE) {
        if (!gate__client_take(r->gate->clients, GATE_CLIENT_KEY, r->account->key, GATE_RATE_NONE,
                               r->account->minute, now_ms, &limit, &key)) {
            if (account)
                gate__peer_give_back(account, rate, 1);
            gate__peer_give_back(r->conn->peer, rate, 1);
            return refuse(r, &limit);
        }
        if (nearer(&limit, &r->limit))
            r->limit = limit;
    }
    if (r->limit.what)
        tell(r, &r->limit);
    return true;
}

void gate_request_right(struct gate_request *r)
{
    if (r->conn && r->route && r->route->rate == GATE_RATE_LOGIN)
        gate__peer_give_back(r->conn->peer, GATE_RATE_LOGIN, 1 - 1.0 / GATE_LIMIT_LOGIN_RIGHT);
}
