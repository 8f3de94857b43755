/*
 * broke.c: what is said of a budget that is used up: to
 * programs and to people, in refusals and in receipts.
 */
#include "account/account.h"
#include "core/json.h"

#include <stdio.h>

void account_broke_out(struct core_json_out *o, const struct account_broke *b)
{
    char time[CORE_TIME_SIZE];
    core_time_format(b->resets_ms, time);
    core_json_out_c(o, "budget", b->budget);
    core_json_out_c(o, "unit", b->unit);
    core_json_out_c(o, "period", b->period);
    core_json_out_i64(o, "limit", b->limit);
    core_json_out_i64(o, "spent", b->spent);
    core_json_out_c(o, "resets_at", time);
}

const char *account_broke_text(const struct account_broke *b,
                               char out[static ACCOUNT_BROKE_TEXT_SIZE])
{
    char time[CORE_TIME_SIZE], limit[48];
    core_time_format(b->resets_ms, time);
    if (strcmp(b->unit, "money") == 0) {
        snprintf(limit, sizeof limit, "$%lld.%02lld", (long long)(b->limit / 1000000),
                 (long long)(b->limit / 10000 % 100));
    } else {
        snprintf(limit, sizeof limit, "%lld %s", (long long)b->limit, b->unit);
    }
    snprintf(out, ACCOUNT_BROKE_TEXT_SIZE,
             "`%s` grants %s a %s: ask an administrator for more, or wait until %s", b->budget,
             limit, b->period, time);
    return out;
}
