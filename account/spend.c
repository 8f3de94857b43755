/*
 * spend.c: budgets hold: what is set aside before a call and settled after it.
 *
 *     hold    one batch: each budget that binds:  reserved += worst  WHERE spent + reserved + worst <= cap
 *             all of them, or the batch rolls back and none
 *     settle  each of them:                       reserved −= worst, spent += real          real <= worst
 *     start   what the run before left:           reserved = 0, spent += worst, if somebody may have been paid
 *
 *     budget_period                       hold ──► hold_part ──► budget_period
 *     (budget, start of day or month)     one call, what it set aside where
 *
 * The store runs batches one after the other, so spent + reserved <= cap whatever is asked at once,
 * whatever fails between hold and settle, and whoever changes a cap meanwhile: it is read where it
 * is compared. A hold made before midnight settles in the period it was made in.
 *
 * Most payers have no budget: that this was found out is remembered under a number that changes
 * whenever budgets do.
 */
#include "account/room.h"

#include "core/log.h"

#include <assert.h>
#include <stdio.h>

/* One budget that binds a call. */
struct bound {
    char id[64]; /* the budget's, or "tier:…" */
    char name[ACCOUNT_LIMIT_NAME];
    const char *unit, *period, *guard; /* guard: the SQL that sets aside */
    int64_t cap, used, amount, starts_ms, resets_ms;
};
struct binding {
    const struct account_cost *worst;
    struct account_periods periods;
    struct bound items[ACCOUNT_LIMIT_BINDING];
    size_t count;
};

/* --- Who is known to have none ---------------------------------------------------------------- */

void account__spend_changed(struct accounts *a)
{
    atomic_fetch_add(&a->spend_changes, 1);
}

/* Never 0. The number of changes is part of it: what was found before the last is not found
 * again. */
static uint64_t unbound_key(const struct accounts *a, const struct account_payer *payer,
                            int64_t level)
{
    unsigned changes = atomic_load(&a->spend_changes);
    const char *own = payer->key ? payer->key : "";
    size_t account_len = strlen(payer->account) + 1, own_len = strlen(own);
    char text[sizeof level + sizeof changes + 2 * CORE_ID_SIZE], *at = text;
    unsigned char hash[CORE_SIP128_SIZE];
    uint64_t key;
    assert(account_len <= CORE_ID_SIZE && own_len < CORE_ID_SIZE);
    at = mempcpy(at, &level, sizeof level);
    at = mempcpy(at, &changes, sizeof changes);
    at = mempcpy(at, payer->account, account_len);
    at = mempcpy(at, own, own_len);
    core_sip128(a->table_key, core_strn(text, (size_t)(at - text)), hash);
    memcpy(&key, hash, sizeof key);
    return key | 1;
}

static bool unbound(struct accounts *a, uint64_t key)
{
    return atomic_load_explicit(&a->unbound[key / 2 % ACCOUNT_LIMIT_UNBOUND],
                                memory_order_relaxed) == key;
}

static void unbound_note(struct accounts *a, uint64_t key)
{
    atomic_store_explicit(&a->unbound[key / 2 % ACCOUNT_LIMIT_UNBOUND], key, memory_order_relaxed);
}

bool account_spend_free(struct accounts *a, const struct account_payer *payer, int level)
{
    return unbound(a, unbound_key(a, payer, level));
}

/* --- What binds ------------------------------------------------------------------------------- */

/* What is set aside: of a whole request it is spent at once. Parameters: budget, start, amount, and
 * of a tier the account. */
static const char HOLD_BUDGET[] =
    "UPDATE budget_period SET reserved = reserved + $3 WHERE budget_id = $1 AND starts_ms = $2 "
    "AND spent + reserved + $3 <= (SELECT b.cap FROM budget b WHERE b.id = $1)";
static const char SPEND_BUDGET[] =
    "UPDATE budget_period SET spent = spent + $3 WHERE budget_id = $1 AND starts_ms = $2 "
    "AND spent + reserved + $3 <= (SELECT b.cap FROM budget b WHERE b.id = $1)";
static const char HOLD_TIER_TOKENS[] =
    "UPDATE budget_period SET reserved = reserved + $3 WHERE budget_id = $1 AND starts_ms = $2 "
    "AND spent + reserved + $3 <= "
    "(SELECT t.tokens_day FROM tier t WHERE t.name = " ACCOUNT_TIER_OF("$4") ")";
static const char HOLD_TIER_MONEY[] =
    "UPDATE budget_period SET reserved = reserved + $3 WHERE budget_id = $1 AND starts_ms = $2 "
    "AND spent + reserved + $3 <= "
    "(SELECT t.microusd_month FROM tier t WHERE t.name = " ACCOUNT_TIER_OF("$4") ")";

static int64_t amount_of(const struct account_cost *worst, const char *unit)
{
    return strcmp(unit, "money") == 0    ? worst->microusd
           : strcmp(unit, "tokens") == 0 ? worst->tokens
                                         : 1;
}

static int on_budget(void *arg, const struct store_row *row)
{
    struct binding *b = arg;
    if (b->count == ACCOUNT_LIMIT_BINDING) {
        return CORE_ELIMIT;
    }
    struct bound *one = &b->items[b->count++];
    struct core_str unit = store_row_str(row, 2);
    bool day = core_str_eq_c(store_row_str(row, 3), "day");
    snprintf(one->id, sizeof one->id, "%.*s", CORE_STR_ARG(store_row_str(row, 0)));
    snprintf(one->name, sizeof one->name, "%.*s", CORE_STR_ARG(store_row_str(row, 1)));
    one->unit = core_str_eq_c(unit, "money")    ? "money"
                : core_str_eq_c(unit, "tokens") ? "tokens"
                                                : "requests";
    one->period = day ? "day" : "month";
    one->starts_ms = day ? b->periods.day_ms : b->periods.month_ms;
    one->resets_ms = day ? b->periods.day_ends_ms : b->periods.month_ends_ms;
    one->cap = store_row_i64(row, 4);
    one->used = store_row_i64(row, 5);
    one->guard = HOLD_BUDGET;
    one->amount = amount_of(b->worst, one->unit);
    return 0;
}

/* Budgets of requests without a level count whole requests; those with one count its calls. */
static int read_budgets(struct accounts *a, const struct account_payer *payer, int64_t level,
                        struct binding *b)
{
    const struct store_value params[] = {STORE_C(payer->account),
                                         STORE_C(payer->key ? payer->key : ""), STORE_I(level),
                                         STORE_I(b->periods.day_ms), STORE_I(b->periods.month_ms)};
    return store_read(
        a->store,
        "SELECT b.id, b.name, b.unit, b.period, b.cap, coalesce(p.spent + p.reserved, 0) "
        "FROM budget b LEFT JOIN budget_period p ON p.budget_id = b.id AND p.starts_ms = "
        "CASE b.period WHEN 'day' THEN $4 ELSE $5 END "
        "WHERE ((b.kind = 'all' AND b.subject = '') OR (b.kind = 'account' AND b.subject = $1) OR "
        "(b.kind = 'key' AND b.subject = $2) OR (b.kind = 'team' AND b.subject = "
        "(SELECT a.team FROM account a WHERE a.id = $1))) AND "
        "(CASE WHEN b.unit = 'requests' OR $3 = -1 THEN b.unit = 'requests' AND b.level = $3 "
        "ELSE b.level = -1 OR b.level = $3 END) ORDER BY b.id",
        params, 5, on_budget, b);
}

struct granted {
    struct binding *b;
    const char *account;
};

static void tier_put(const struct granted *g, const char *tier, const char *unit, bool day,
                     const char *guard, int64_t cap, int64_t used)
{
    struct bound *one = &g->b->items[g->b->count];
    if (cap == ACCOUNT_UNLIMITED || g->b->count == ACCOUNT_LIMIT_BINDING) {
        return;
    }
    g->b->count++;
    snprintf(one->id, sizeof one->id, "tier:%s:%s", unit, g->account);
    snprintf(one->name, sizeof one->name, "tier %s", tier);
    one->unit = unit;
    one->period = day ? "day" : "month";
    one->starts_ms = day ? g->b->periods.day_ms : g->b->periods.month_ms;
    one->resets_ms = day ? g->b->periods.day_ends_ms : g->b->periods.month_ends_ms;
    one->cap = cap;
    one->used = used;
    one->guard = guard;
    one->amount = amount_of(g->b->worst, unit);
}

static int on_tier(void *arg, const struct store_row *row)
{
    const struct granted *g = arg;
    char tier[16];
    snprintf(tier, sizeof tier, "%.*s", CORE_STR_ARG(store_row_str(row, 0)));
    tier_put(g, tier, "tokens", true, HOLD_TIER_TOKENS, store_row_i64(row, 1),
             store_row_i64(row, 3));
    tier_put(g, tier, "money", false, HOLD_TIER_MONEY, store_row_i64(row, 2),
             store_row_i64(row, 4));
    return 0;
}

static int read_tier(struct accounts *a, const struct account_payer *payer, struct binding *b)
{
    struct granted granted = {b, payer->account};
    const struct store_value params[] = {STORE_C(payer->account), STORE_I(b->periods.day_ms),
                                         STORE_I(b->periods.month_ms)};
    return store_read(a->store,
                      "SELECT t.name, t.tokens_day, t.microusd_month, "
                      "coalesce((SELECT p.spent + p.reserved FROM budget_period p "
                      "WHERE p.budget_id = 'tier:tokens:' || $1 AND p.starts_ms = $2), 0), "
                      "coalesce((SELECT p.spent + p.reserved FROM budget_period p "
                      "WHERE p.budget_id = 'tier:money:' || $1 AND p.starts_ms = $3), 0) "
                      "FROM tier t WHERE t.name = " ACCOUNT_TIER_OF("$1"),
                      params, 3, on_tier, &granted);
}

/* --- Setting aside ---------------------------------------------------------------------------- */

static const struct bound *broken(const struct binding *b)
{
    for (size_t i = 0; i < b->count; i++) {
        /* What costs nothing passes no cap. */
        if (b->items[i].amount > 0 && b->items[i].used > b->items[i].cap - b->items[i].amount) {
            return &b->items[i];
        }
    }
    return NULL;
}

static void put_guards(struct store_batch *batch, const struct account_payer *payer,
                       const struct binding *b, bool spend, const char *hold)
{
    for (size_t i = 0; i < b->count; i++) {
        const struct bound *one = &b->items[i];
        if (one->amount == 0) {
            continue;
        }
        store_put(batch, STORE_ROWS_ANY,
                  "INSERT INTO budget_period (budget_id, starts_ms, spent, reserved) "
                  "VALUES ($1, $2, 0, 0) ON CONFLICT (budget_id, starts_ms) DO NOTHING",
                  STORE_C(one->id), STORE_I(one->starts_ms));
        const struct store_value params[] = {STORE_C(one->id), STORE_I(one->starts_ms),
                                             STORE_I(one->amount), STORE_C(payer->account)};
        store_batch_add(batch, 1, spend ? SPEND_BUDGET : one->guard, params,
                        one->guard == HOLD_BUDGET ? 3 : 4);
        if (hold) {
            store_put(batch, 1,
                      "INSERT INTO hold_part (hold_id, budget_id, starts_ms, unit, amount) "
                      "VALUES ($1, $2, $3, $4, $5)",
                      STORE_C(hold), STORE_C(one->id), STORE_I(one->starts_ms), STORE_C(one->unit),
                      STORE_I(one->amount));
        }
    }
}

static int write_hold(struct accounts *a, const struct account_payer *payer, int64_t level,
                      const struct binding *b, char ret_id[static CORE_ID_SIZE])
{
    bool request = level == ACCOUNT_LEVEL_ANY;
    char id[CORE_ID_SIZE];
    struct store_batch *batch = store_batch_new(b->worst->microusd > 0 ? STORE_DURABLE
                                                                       : STORE_RELAXED);
    core_id_new(a->env, id);
    put_guards(batch, payer, b, request, request ? NULL : id);
    if (!request) {
        store_put(batch, 1,
                  "INSERT INTO hold (id, account_id, key_id, level, microusd, tokens, made_ms) "
                  "VALUES ($1, $2, $3, $4, $5, $6, $7)",
                  STORE_C(id), STORE_C(payer->account), STORE_C(payer->key ? payer->key : ""),
                  STORE_I(level), STORE_I(b->worst->microusd), STORE_I(b->worst->tokens),
                  STORE_I(core_wall_ms(a->env)));
    }
    int err = store_write_wait(a->store, batch);
    if (!err) {
        memcpy(ret_id, id, sizeof id);
    }
    return err;
}

static void tell(const struct bound *one, struct account_broke *ret)
{
    memcpy(ret->budget, one->name, sizeof ret->budget);
    ret->unit = one->unit;
    ret->period = one->period;
    ret->limit = one->cap;
    ret->spent = one->used;
    ret->resets_ms = one->resets_ms;
}

/* One look and one write; CORE_EMISMATCH: it changed between them. *ret_id is "" when there is
 * nothing to set aside. */
static int try_hold(struct accounts *a, const struct account_payer *payer, int64_t level,
                    struct binding *b, char ret_id[static CORE_ID_SIZE],
                    struct account_broke *ret_broke)
{
    uint64_t key = unbound_key(a, payer, level); /* before the look: a later change makes another */
    b->count = 0;
    account__periods(core_wall_ms(a->env), &b->periods);
    int err = read_budgets(a, payer, level, b);
    if (!err && level != ACCOUNT_LEVEL_ANY) {
        err = read_tier(a, payer, b);
    }
    if (err || b->count == 0) {
        if (!err) {
            unbound_note(a, key);
        }
        return err;
    }
    const struct bound *full = broken(b);
    if (full) {
        tell(full, ret_broke);
        return CORE_EBUDGET;
    }
    for (size_t i = 0; i < b->count; i++) {
        if (b->items[i].amount > 0) {
            return write_hold(a, payer, level, b, ret_id);
        }
    }
    return 0; /* it costs nothing of what is counted */
}

static int hold(struct accounts *a, const struct account_payer *payer, int64_t level,
                const struct account_cost *worst, char ret_id[static CORE_ID_SIZE],
                struct account_broke *ret_broke)
{
    ret_id[0] = '\0';
    if (account_spend_free(a, payer, (int)level)) {
        return 0;
    }
    struct binding *b = core_alloc(sizeof *b);
    b->worst = worst;
    int err = CORE_EMISMATCH;
    for (int i = 0; err == CORE_EMISMATCH && i < ACCOUNT_HOLD_TRIES; i++) {
        err = try_hold(a, payer, level, b, ret_id, ret_broke);
    }
    free(b);
    return err == CORE_EMISMATCH ? CORE_EBUSY : err;
}

static int64_t within(int64_t amount)
{
    return amount < 0 ? 0 : amount > ACCOUNT_LIMIT_AMOUNT ? ACCOUNT_LIMIT_AMOUNT : amount;
}

int account_spend_hold(struct accounts *a, const struct account_payer *payer, unsigned level,
                       const struct account_cost *worst, char ret_hold[static ACCOUNT_HOLD_SIZE],
                       struct account_broke *ret_broke)
{
    const struct account_cost most = {within(worst->microusd), within(worst->tokens)};
    char id[CORE_ID_SIZE];
    assert(level <= 5);
    int err = hold(a, payer, level, &most, id, ret_broke);
    if (!err && *id) {
        snprintf(ret_hold, ACCOUNT_HOLD_SIZE, "%s:%lld:%lld", id, (long long)most.microusd,
                 (long long)most.tokens);
    } else if (!err) {
        ret_hold[0] = '\0';
    }
    return err;
}

int account_spend_request(struct accounts *a, const struct account_payer *payer,
                          struct account_broke *ret_broke)
{
    const struct account_cost none = {0, 0};
    char id[CORE_ID_SIZE];
    return hold(a, payer, ACCOUNT_LEVEL_ANY, &none, id, ret_broke);
}

/* --- Settling --------------------------------------------------------------------------------- */

static int64_t real_of(const char *id, const char *unit, int64_t real, int64_t worst)
{
    if (real <= worst) {
        return within(real);
    }
    core_log(CORE_LOG_ERROR, "budget.worst_case_passed", {"hold", CORE_LOG_C(id)},
             {"unit", CORE_LOG_C(unit)}, {"worst", CORE_LOG_I(worst)}, {"real", CORE_LOG_I(real)});
    return worst;
}

void account_spend_settle(struct store_batch *batch, const char *hold,
                          const struct account_cost *real)
{
    struct core_str rest = core_str(hold), id_text, part;
    int64_t microusd, tokens;
    char id[CORE_ID_SIZE];
    if (!*hold) {
        return;
    }
    bool good = core_str_split(&rest, ':', &id_text) && id_text.len == CORE_ID_SIZE - 1 &&
                core_str_split(&rest, ':', &part) &&
                !core_str_to_i64(part, 0, ACCOUNT_LIMIT_AMOUNT, &microusd) &&
                !core_str_to_i64(rest, 0, ACCOUNT_LIMIT_AMOUNT, &tokens);
    assert(good);
    memcpy(id, id_text.ptr, id_text.len);
    id[id_text.len] = '\0';
    microusd = real_of(id, "money", real->microusd, microusd);
    tokens = real_of(id, "tokens", real->tokens, tokens);
    store_put(batch, STORE_ROWS_ANY,
              "UPDATE budget_period SET reserved = budget_period.reserved - p.amount, "
              "spent = budget_period.spent + CASE p.unit WHEN 'money' THEN $2 "
              "WHEN 'tokens' THEN $3 ELSE p.amount END FROM hold_part p WHERE p.hold_id = $1 "
              "AND p.budget_id = budget_period.budget_id "
              "AND p.starts_ms = budget_period.starts_ms",
              STORE_C(id), STORE_I(microusd), STORE_I(tokens));
    store_put(batch, STORE_ROWS_ANY, "DELETE FROM hold_part WHERE hold_id = $1", STORE_C(id));
    store_put(batch, STORE_ROWS_ANY, "DELETE FROM hold WHERE id = $1", STORE_C(id));
}

/* --- What the run before left ----------------------------------------------------------------- */

struct stale {
    int64_t count, microusd;
};

static int on_stale(void *arg, const struct store_row *row)
{
    struct stale *s = arg;
    int64_t microusd = store_row_i64(row, 3);
    s->count++;
    s->microusd += microusd;
    if (s->count <= ACCOUNT_LIMIT_STALE_TOLD) {
        core_log(CORE_LOG_WARN, "budget.hold_of_a_run_that_died",
                 {"hold", CORE_LOG_S(store_row_str(row, 0))},
                 {"account", CORE_LOG_S(store_row_str(row, 1))},
                 {"level", CORE_LOG_I(store_row_i64(row, 2))}, {"microusd", CORE_LOG_I(microusd)},
                 {"tokens", CORE_LOG_I(store_row_i64(row, 4))},
                 {"taken", CORE_LOG_C(microusd > 0 ? "as spent" : "back")});
    }
    return 0;
}

/* Nothing is under way yet, so all that is set aside is stale.
 * Where money was at stake somebody may have been paid. */
int account__spend_recover(struct accounts *a)
{
    struct stale stale = {0};
    int64_t olds = 0;
    const struct store_value old = STORE_I(core_wall_ms(a->env) -
                                           ACCOUNT_PERIOD_KEEP_DAYS * 86400000ll);
    int err = store_read(a->store,
                         "SELECT id, account_id, level, microusd, tokens FROM hold ORDER BY id",
                         NULL, 0, on_stale, &stale);
    if (!err) {
        err = store_read_i64(a->store, "SELECT count(*) FROM budget_period WHERE starts_ms < $1",
                             &old, 1, &olds);
    }
    if (err || (stale.count == 0 && olds == 0)) {
        return err;
    }
    if (stale.count > 0) {
        core_log(CORE_LOG_WARN, "budget.recover", {"holds", CORE_LOG_I(stale.count)},
                 {"microusd", CORE_LOG_I(stale.microusd)});
    }
    struct store_batch *batch = store_batch_new(STORE_DURABLE);
    store_put(batch, STORE_ROWS_ANY,
              "UPDATE budget_period SET reserved = 0, spent = spent + coalesce((SELECT "
              "sum(p.amount) FROM hold_part p JOIN hold h ON h.id = p.hold_id WHERE h.microusd > "
              "$1 AND p.budget_id = budget_period.budget_id AND "
              "p.starts_ms = budget_period.starts_ms), 0) WHERE reserved > 0",
              STORE_I(0));
    store_batch_add(batch, STORE_ROWS_ANY, "DELETE FROM hold_part", NULL, 0);
    store_batch_add(batch, STORE_ROWS_ANY, "DELETE FROM hold", NULL, 0);
    store_put(batch, STORE_ROWS_ANY, "DELETE FROM budget_period WHERE starts_ms < $1", old);
    return store_write_wait(a->store, batch);
}
