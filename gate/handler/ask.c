/*
 * ask.c: what everything that asks the models passes first: the level that the tier allows, and
 * budgets of requests.
 *
 * Who is known to have no such budget goes on at once; else the pool asks the store.
 */
#include "gate/handler/handlers.h"

struct paid {
    struct account_payer payer;
    struct account_broke broke;
    void (*start)(struct gate_request *r, void *arg);
    void *arg;
    int err;
};

static void paid_run(struct gate_request *r, void *arg)
{
    struct paid *p = arg;
    p->err = account_spend_request(gate_request_services(r)->accounts, &p->payer, &p->broke);
}

static void paid_done(struct gate_request *r, void *arg)
{
    struct paid *p = arg;
    if (p->err == CORE_EBUDGET) {
        gate_reply_budget(r, &p->broke);
    } else if (p->err) {
        gate_reply_error(r, p->err, NULL);
    } else {
        p->start(r, p->arg);
    }
}

void ask_begin(struct gate_request *r, unsigned *level_max,
               void (*start)(struct gate_request *r, void *arg), void *arg)
{
    struct accounts *accounts = gate_request_services(r)->accounts;
    const struct account *account = gate_request_account(r);
    const struct account_payer payer = payer_of(r);
    int64_t allowed = account_tier(accounts, account)->level_max;
    if (level_max && *level_max > allowed) {
        *level_max = (unsigned)allowed;
    }
    if (account_spend_free(accounts, &payer, ACCOUNT_LEVEL_ANY)) {
        start(r, arg);
        return;
    }
    struct paid *p = core_pool_alloc(gate_request_pool(r), sizeof *p);
    if (!p) {
        gate_reply_error(r, CORE_ENOMEM, NULL);
        return;
    }
    *p = (struct paid){.payer = payer, .start = start, .arg = arg};
    gate_work(r, paid_run, paid_done, p);
}
