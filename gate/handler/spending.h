/* spending.h: what the handlers of keys, tiers, teams and budgets share: a call on the pool, and
 * lists with a cursor. Inside gate/handler. */
#ifndef GATE_HANDLER_SPENDING_H
#define GATE_HANDLER_SPENDING_H

#include "gate/handler/handlers.h"

/* In the request's memory, at the front of what a handler reads and its call fills. */
struct spending {
    int (*call)(struct gate_request *r, struct spending *s); /* on the pool; returns a core_err */
    void (*answer)(struct gate_request *r,
                   struct spending *s); /* NULL: what a list gathered, or 204 */
    int err;
    struct account_actor by;
    struct account_why why;
    struct core_json_out out;
    /* Of a list. more: on the pool, members of the answer behind the list. */
    const char *list;
    int (*more)(struct gate_request *r, struct spending *s);
    struct core_str after;
    bool by_name; /* its cursor is a name, not an id */
    int64_t limit, count;
    char next[ACCOUNT_LIMIT_NAME];
};

struct accounts *spending_accounts(struct gate_request *r);
/* size: of the struct that begins with one. NULL: answered. */
void *spending_new(struct gate_request *r, size_t size,
                   int (*call)(struct gate_request *r, struct spending *s));
/* Makes the call, answers with problems by its error. */
void spending_go(struct gate_request *r, struct spending *s);
/* A list under that name, by `limit` and `after`; its
 * call calls spending_item() for each, at most limit + 1. */
void spending_list(struct gate_request *r, struct spending *s, const char *name);
/* false: there is one more, which the next page begins with. Else what it is follows inside an
 * object of s->out, which the caller ends. */
bool spending_item(struct spending *s, struct core_str cursor);
/* The members of a key, of a tier. */
void spending_out_key(struct core_json_out *o, const struct account_apikey_info *key);
void spending_out_tier(struct core_json_out *o, const struct account_tier *tier);
/* 201 {"id"} */
void spending_reply_id(struct gate_request *r, const char *id);

#endif
