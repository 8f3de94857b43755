/*
 * tier.c: tiers: what an account may do, as rows that administrators change. "free" is everybody's
 * who has no other, "owner" the owner's.
 */
#include "account/room.h"

#include <stdio.h>

/* What was written binds and is seen before anybody is told. */
static bool is_owner(const struct account_actor *by)
{
    return core_str_eq_c(by->role, "owner");
}

/* --- Those there are -------------------------------------------------------------------------- */

struct listing {
    int (*on_tier)(void *arg, const struct account_tier *tier);
    void *arg;
};

void account__tier_read(const struct store_row *row, struct account_tier *ret)
{
    snprintf(ret->name, sizeof ret->name, "%.*s", CORE_STR_ARG(store_row_str(row, 0)));
    ret->ask_minute = store_row_i64(row, 1);
    ret->read_minute = store_row_i64(row, 2);
    ret->write_minute = store_row_i64(row, 3);
    ret->tokens_day = store_row_i64(row, 4);
    ret->microusd_month = store_row_i64(row, 5);
    ret->level_max = store_row_i64(row, 6);
    ret->keys_max = store_row_i64(row, 7);
    ret->body_max = store_row_i64(row, 8);
}

static int on_row(void *arg, const struct store_row *row)
{
    const struct listing *l = arg;
    struct account_tier tier;
    account__tier_read(row, &tier);
    return l->on_tier(l->arg, &tier);
}

int account_tiers(struct accounts *a, struct core_str after, int64_t limit,
                  int (*on_tier)(void *arg, const struct account_tier *tier), void *arg)
{
    struct listing listing = {on_tier, arg};
    const struct store_value params[] = {STORE_T(after), STORE_I(limit)};
    return store_read(a->store,
                      "SELECT " ACCOUNT_TIER_COLUMNS " FROM tier WHERE name > $1 "
                      "ORDER BY name LIMIT $2",
                      params, 2, on_row, &listing);
}

static int on_granted(void *arg, const struct store_row *row)
{
    struct account_granted *g = arg;
    account__tier_read(row, &g->tier);
    g->tokens_used = store_row_i64(row, 9);
    g->microusd_used = store_row_i64(row, 10);
    return 1;
}

int account_granted(struct accounts *a, struct core_str account, struct account_granted *ret)
{
    struct account_granted g = {0};
    struct account_periods p;
    account__periods(core_wall_ms(a->env), &p);
    g.day_ends_ms = p.day_ends_ms;
    g.month_ends_ms = p.month_ends_ms;
    const struct store_value params[] = {STORE_T(account), STORE_I(p.day_ms), STORE_I(p.month_ms)};
    int err = store_read(a->store,
                         "SELECT " ACCOUNT_TIER_COLUMNS ", "
                         "coalesce((SELECT p.spent + p.reserved FROM budget_period p "
                         "WHERE p.budget_id = 'tier:tokens:' || $1 AND p.starts_ms = $2), 0), "
                         "coalesce((SELECT p.spent + p.reserved FROM budget_period p "
                         "WHERE p.budget_id = 'tier:money:' || $1 AND p.starts_ms = $3), 0) "
                         "FROM tier WHERE name = " ACCOUNT_TIER_OF("$1"),
                         params, 3, on_granted, &g);
    if (err == 1) {
        *ret = g;
    }
    return err == 1 ? 0 : err ? err : CORE_ENOTFOUND;
}

/* --- Making, changing, removing --------------------------------------------------------------- */

static bool within(int64_t value, int64_t min, int64_t max)
{
    return value == ACCOUNT_UNLIMITED || (value >= min && value <= max);
}

static bool name_good(const char *name)
{
    size_t len = strlen(name);
    return len > 0 && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == len;
}

static int check(const struct account_tier *t, struct account_why *why)
{
    static const char minute[] = "must be from 1 to 1000000, or null";
    static const char amount[] = "must be from 0 to 2^50, or null";
    if (!name_good(t->name)) {
        return account__wrong(why, "name", "must have 1 to 15 of a-z, 0-9 and -");
    }
    if (!within(t->ask_minute, 1, ACCOUNT_LIMIT_MINUTE)) {
        return account__wrong(why, "ask_per_minute", minute);
    }
    if (!within(t->read_minute, 1, ACCOUNT_LIMIT_MINUTE)) {
        return account__wrong(why, "read_per_minute", minute);
    }
    if (!within(t->write_minute, 1, ACCOUNT_LIMIT_MINUTE)) {
        return account__wrong(why, "write_per_minute", minute);
    }
    if (!within(t->tokens_day, 0, ACCOUNT_LIMIT_AMOUNT)) {
        return account__wrong(why, "tokens_per_day", amount);
    }
    if (!within(t->microusd_month, 0, ACCOUNT_LIMIT_AMOUNT)) {
        return account__wrong(why, "microusd_per_month", amount);
    }
    if (t->level_max < 0 || t->level_max > 5) {
        return account__wrong(why, "level_max", "must be L0 to L5");
    }
    if (!within(t->keys_max, 0, ACCOUNT_LIMIT_APIKEYS)) {
        return account__wrong(why, "keys", "must be from 0 to 65536, or null");
    }
    if (!within(t->body_max, ACCOUNT_TIER_BODY_LEAST, ACCOUNT_LIMIT_AMOUNT)) {
        return account__wrong(why, "body_bytes", "must be 4096 or more, or null");
    }
    return 0;
}

int account_tier_put(struct accounts *a, const struct account_actor *by,
                     const struct account_tier *t, struct account_why *why)
{
    int err = check(t, why);
    if (err) {
        return err;
    }
    if (strcmp(t->name, "owner") == 0 && !is_owner(by)) {
        return CORE_EDENIED;
    }
    struct store_batch *batch = store_batch_new(STORE_DURABLE);
    store_put(batch, 1,
              "INSERT INTO tier (" ACCOUNT_TIER_COLUMNS ") "
              "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (name) DO UPDATE SET "
              "ask_minute = $2, read_minute = $3, write_minute = $4, tokens_day = $5, "
              "microusd_month = $6, level_max = $7, keys_max = $8, body_max = $9",
              STORE_C(t->name), STORE_I(t->ask_minute), STORE_I(t->read_minute),
              STORE_I(t->write_minute), STORE_I(t->tokens_day), STORE_I(t->microusd_month),
              STORE_I(t->level_max), STORE_I(t->keys_max), STORE_I(t->body_max));
    store_put(batch, 1, "SELECT 1 WHERE (SELECT count(*) FROM tier) <= $1",
              STORE_I(ACCOUNT_LIMIT_TIERS));
    account__audit_put(a, batch, ACCOUNT_ACT_TIER_SET, by, core_str(t->name), NULL);
    err = account__view_write(a, batch);
    return err == CORE_EMISMATCH ? CORE_ELIMIT : err;
}

int account_tier_remove(struct accounts *a, const struct account_actor *by, struct core_str name)
{
    const struct store_value param = STORE_T(name);
    int64_t known = 0;
    int err = store_read_i64(a->store, "SELECT count(*) FROM tier WHERE name = $1", &param, 1,
                             &known);
    if (err || known == 0) {
        return err ? err : CORE_ENOTFOUND;
    }
    if (core_str_eq_c(name, "free") || core_str_eq_c(name, "owner")) {
        return CORE_EMISMATCH;
    }
    struct store_batch *batch = store_batch_new(STORE_DURABLE);
    store_put(batch, 0, "SELECT 1 FROM account WHERE tier = $1", param);
    store_put(batch, STORE_ROWS_ANY, "DELETE FROM tier WHERE name = $1", param);
    account__audit_put(a, batch, ACCOUNT_ACT_TIER_REMOVED, by, name, NULL);
    return account__view_write(a, batch);
}
