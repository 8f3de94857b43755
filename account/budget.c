/*
 * budget.c: budgets as people make them: so much of a unit in a period, for an account, a key, a
 * team or all, at one level or any. How they are kept is spend.c.
 */
#include "account/room.h"

#include <stdio.h>

static const char *const kinds[] = {"all", "account", "key", "team"};
static const char *const units[] = {"money", "tokens", "requests"};
static const char *const periods[] = {"day", "month"};

static bool among(struct core_str s, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (core_str_eq_c(s, names[i])) {
            return true;
        }
    }
    return false;
}
#define AMONG(s, names) among(s, names, sizeof names / sizeof *names)

/* --- What is typed ---------------------------------------------------------------------------- */

/* What may change. */
static int check_values(const struct account_budget_form *f, struct account_why *why)
{
    if (f->set_name && account__label_check(f->name, why)) {
        return CORE_EINVAL;
    }
    if (f->set_cap && (f->cap < 0 || f->cap > ACCOUNT_LIMIT_AMOUNT)) {
        return account__wrong(why, "limit", "must be from 0 to 2^50");
    }
    return 0;
}

/* What it is of: that cannot change. */
static int check_kind(const struct account_budget_form *f, struct account_why *why)
{
    if (!AMONG(f->kind, kinds)) {
        return account__wrong(why, "kind", "must be all, account, key or team");
    }
    if ((f->subject.len == 0) != core_str_eq_c(f->kind, "all")) {
        return account__wrong(why, "subject",
                              "must be the id of the account, key or team; of all, nothing");
    }
    if (!AMONG(f->unit, units)) {
        return account__wrong(why, "unit", "must be money, tokens or requests");
    }
    if (!AMONG(f->period, periods)) {
        return account__wrong(why, "period", "must be day or month");
    }
    if (f->level < ACCOUNT_LEVEL_ANY || f->level > 5) {
        return account__wrong(why, "level", "must be L0 to L5, or null");
    }
    return 0;
}

static int check_subject(struct accounts *a, const struct account_budget_form *f,
                         struct account_why *why)
{
    const char *sql = core_str_eq_c(f->kind, "account")
                          ? "SELECT count(*) FROM account WHERE id = $1"
                      : core_str_eq_c(f->kind, "key") ? "SELECT count(*) FROM api_key WHERE id = $1"
                                                      : "SELECT count(*) FROM team WHERE id = $1";
    const struct store_value subject = STORE_T(f->subject);
    int64_t count = 0;
    if (core_str_eq_c(f->kind, "all") || core_str_eq_c(f->subject, "owner")) {
        return 0;
    }
    int err = store_read_i64(a->store, sql, &subject, 1, &count);
    return err || count > 0 ? err : account__wrong(why, "subject", "must be an id that exists");
}

/* --- Making and changing ---------------------------------------------------------------------- */

static int changed(struct accounts *a, struct store_batch *batch)
{
    int err = store_write_wait(a->store, batch);
    if (account__written(err)) {
        account__spend_changed(a);
    }
    return err;
}

int account_budget_new(struct accounts *a, const struct account_actor *by,
                       const struct account_budget_form *form, char ret_id[static CORE_ID_SIZE],
                       struct account_why *why)
{
    struct account_budget_form f = *form;
    char id[CORE_ID_SIZE];
    f.set_name = f.set_cap = true;
    int err = check_values(&f, why);
    if (!err) {
        err = check_kind(&f, why);
    }
    if (!err) {
        err = check_subject(a, &f, why);
    }
    if (err) {
        return err;
    }
    core_id_new(a->env, id);
    struct store_batch *batch = store_batch_new(STORE_DURABLE);
    store_put(batch, 1,
              "SELECT 1 WHERE (SELECT count(*) FROM budget) < $1 AND "
              "(SELECT count(*) FROM budget WHERE kind = $2 AND subject = $3) < $4",
              STORE_I(ACCOUNT_LIMIT_BUDGETS), STORE_T(f.kind), STORE_T(f.subject),
              STORE_I(ACCOUNT_LIMIT_BUDGETS_EACH));
    store_put(batch, 1,
              "INSERT INTO budget (id, name, kind, subject, level, unit, period, cap, created_by, "
              "created_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
              STORE_C(id), STORE_T(f.name), STORE_T(f.kind), STORE_T(f.subject), STORE_I(f.level),
              STORE_T(f.unit), STORE_T(f.period), STORE_I(f.cap), STORE_T(by->id),
              STORE_I(core_wall_ms(a->env)));
    account__audit_put(a, batch, ACCOUNT_ACT_BUDGET_SET, by, core_str(id), NULL);
    err = changed(a, batch);
    if (!err) {
        memcpy(ret_id, id, sizeof id);
    }
    return err == CORE_EMISMATCH ? CORE_ELIMIT : err;
}

int account_budget_change(struct accounts *a, const struct account_actor *by, struct core_str id,
                          const struct account_budget_form *form, struct account_why *why)
{
    int err = check_values(form, why);
    if (err) {
        return err;
    }
    struct store_batch *batch = store_batch_new(STORE_DURABLE);
    store_put(batch, 1,
              "UPDATE budget SET name = CASE $2 WHEN 1 THEN $3 ELSE name END, "
              "cap = CASE $4 WHEN 1 THEN $5 ELSE cap END WHERE id = $1",
              STORE_T(id), STORE_I(form->set_name), STORE_T(form->name), STORE_I(form->set_cap),
              STORE_I(form->cap));
    account__audit_put(a, batch, ACCOUNT_ACT_BUDGET_SET, by, id, NULL);
    err = changed(a, batch);
    return err == CORE_EMISMATCH ? CORE_ENOTFOUND : err;
}

/* What is set aside in it now settles into nothing. */
int account_budget_remove(struct accounts *a, const struct account_actor *by, struct core_str id)
{
    struct store_batch *batch = store_batch_new(STORE_DURABLE);
    store_put(batch, 1, "DELETE FROM budget WHERE id = $1", STORE_T(id));
    store_put(batch, STORE_ROWS_ANY, "DELETE FROM budget_period WHERE budget_id = $1", STORE_T(id));
    account__audit_put(a, batch, ACCOUNT_ACT_BUDGET_REMOVED, by, id, NULL);
    int err = changed(a, batch);
    return err == CORE_EMISMATCH ? CORE_ENOTFOUND : err;
}

void account__budgets_forget(struct store_batch *batch, const char *kind, struct core_str subject)
{
    store_put(batch, STORE_ROWS_ANY,
              "DELETE FROM budget_period WHERE budget_id IN "
              "(SELECT id FROM budget WHERE kind = $1 AND subject = $2)",
              STORE_C(kind), STORE_T(subject));
    store_put(batch, STORE_ROWS_ANY, "DELETE FROM budget WHERE kind = $1 AND subject = $2",
              STORE_C(kind), STORE_T(subject));
}

/* --- Those there are -------------------------------------------------------------------------- */

struct listing {
    int (*on_budget)(void *arg, const struct account_budget *budget);
    void *arg;
    struct account_periods periods;
};

static int on_row(void *arg, const struct store_row *row)
{
    const struct listing *l = arg;
    struct core_str period = store_row_str(row, 5);
    const struct account_budget budget = {
        .id = store_row_str(row, 0),
        .name = store_row_str(row, 1),
        .kind = store_row_str(row, 2),
        .subject = store_row_str(row, 3),
        .unit = store_row_str(row, 4),
        .period = period,
        .level = store_row_i64(row, 6),
        .cap = store_row_i64(row, 7),
        .spent = store_row_i64(row, 8),
        .reserved = store_row_i64(row, 9),
        .created_ms = store_row_i64(row, 10),
        .resets_ms = core_str_eq_c(period, "day") ? l->periods.day_ends_ms
                                                  : l->periods.month_ends_ms,
    };
    return l->on_budget(l->arg, &budget);
}

int account_budgets(struct accounts *a, struct core_str account, struct core_str after,
                    int64_t limit, int (*on_budget)(void *arg, const struct account_budget *budget),
                    void *arg)
{
    struct listing l = {.on_budget = on_budget, .arg = arg};
    account__periods(core_wall_ms(a->env), &l.periods);
    const struct store_value params[] = {STORE_T(account), STORE_T(after), STORE_I(limit),
                                         STORE_I(l.periods.day_ms), STORE_I(l.periods.month_ms)};
    return store_read(
        a->store,
        "SELECT b.id, b.name, b.kind, b.subject, b.unit, b.period, b.level, b.cap, "
        "coalesce(p.spent, 0), coalesce(p.reserved, 0), b.created_ms FROM budget b "
        "LEFT JOIN budget_period p ON p.budget_id = b.id AND p.starts_ms = "
        "CASE b.period WHEN 'day' THEN $4 ELSE $5 END WHERE b.id > $2 AND ($1 = '' OR "
        "(b.kind = 'account' AND b.subject = $1) OR (b.kind = 'key' AND b.subject IN "
        "(SELECT k.id FROM api_key k WHERE k.account_id = $1)) OR (b.kind = 'team' AND b.subject = "
        "(SELECT u.team FROM account u WHERE u.id = $1))) ORDER BY b.id LIMIT $3",
        params, 5, on_row, &l);
}
