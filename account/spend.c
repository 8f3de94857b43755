/*
 * spend.c: budgets: what is set aside before a call and settled after it.
 */
#include "account/room.h"

int account_spend_hold(struct accounts *a, const struct account_payer *payer, unsigned level,
                       const struct account_cost *worst, char ret_hold[static ACCOUNT_HOLD_SIZE],
                       struct account_broke *ret_broke)
{
    (void)a, (void)payer, (void)level, (void)worst, (void)ret_broke;
    ret_hold[0] = '\0';
    return 0;
}

void account_spend_settle(struct store_batch *batch, const char *hold,
                          const struct account_cost *real)
{
    (void)batch, (void)hold, (void)real;
}
