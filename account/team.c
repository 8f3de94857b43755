/* team.c: teams: accounts that share budgets. */
#include "account/room.h"

#include <stdio.h>

static int changed(struct accounts *a, struct store_batch *batch)
{
    int err = store_write_wait(a->store, batch);
    account__spend_changed(a);
    return err == CORE_EMISMATCH ? CORE_ENOTFOUND : err;
}

struct listing {
    int (*on_team)(void *arg, const struct account_team *team);
    void *arg;
};

static int on_row(void *arg, const struct store_row *row)
{
    const struct listing *l = arg;
    const struct account_team team = {.id = store_row_str(row, 0),
                                      .name = store_row_str(row, 1),
                                      .accounts = store_row_i64(row, 2),
                                      .created_ms = store_row_i64(row, 3)};
    return l->on_team(l->arg, &team);
}

int account_teams(struct accounts *a, struct core_str after, int64_t limit,
                  int (*on_team)(void *arg, const struct account_team *team), void *arg)
{
    struct listing listing = {on_team, arg};
    const struct store_value params[] = {STORE_T(after), STORE_I(limit)};
    return store_read(a->store,
                      "SELECT t.id, t.name, (SELECT count(*) FROM account u WHERE u.team = t.id), "
                      "t.created_ms FROM team t WHERE t.id > $1 ORDER BY t.id LIMIT $2",
                      params, 2, on_row, &listing);
}

int account_team_new(struct accounts *a, const struct account_actor *by, struct core_str name,
                     char ret_id[static CORE_ID_SIZE], struct account_why *why)
{
    char id[CORE_ID_SIZE];
    int err = account__label_check(name, why);
    if (err) {
        return err;
    }
    core_id_new(a->env, id);
    struct store_batch *batch = store_batch_new(STORE_DURABLE);
    store_put(batch, 1, "SELECT 1 WHERE (SELECT count(*) FROM team) < $1",
              STORE_I(ACCOUNT_LIMIT_TEAMS));
    store_put(batch, 1, "INSERT INTO team (id, name, created_ms) VALUES ($1, $2, $3)", STORE_C(id),
              STORE_T(name), STORE_I(core_wall_ms(a->env)));
    account__audit_put(a, batch, ACCOUNT_ACT_TEAM_SET, by, core_str(id), NULL);
    err = store_write_wait(a->store, batch);
    if (!err) {
        memcpy(ret_id, id, sizeof id);
    }
    return err == CORE_EMISMATCH ? CORE_ELIMIT : err;
}

int account_team_rename(struct accounts *a, const struct account_actor *by, struct core_str id,
                        struct core_str name, struct account_why *why)
{
    int err = account__label_check(name, why);
    if (err) {
        return err;
    }
    struct store_batch *batch = store_batch_new(STORE_DURABLE);
    store_put(batch, 1, "UPDATE team SET name = $2 WHERE id = $1", STORE_T(id), STORE_T(name));
    account__audit_put(a, batch, ACCOUNT_ACT_TEAM_SET, by, id, NULL);
    return changed(a, batch);
}

int account_team_remove(struct accounts *a, const struct account_actor *by, struct core_str id)
{
    struct store_batch *batch = store_batch_new(STORE_DURABLE);
    store_put(batch, 1, "DELETE FROM team WHERE id = $1", STORE_T(id));
    store_put(batch, STORE_ROWS_ANY, "UPDATE account SET team = '' WHERE team = $1", STORE_T(id));
    account__budgets_forget(batch, "team", id);
    account__audit_put(a, batch, ACCOUNT_ACT_TEAM_REMOVED, by, id, NULL);
    return changed(a, batch);
}

/* An account that the store does not know makes the batch fail, so what is logged is an id. */
static void member_audit(struct accounts *a, struct store_batch *batch,
                         const struct account_actor *by, struct core_str id,
                         struct core_str account, const char *what)
{
    char detail[CORE_ID_SIZE + 32];
    if (account.len < CORE_ID_SIZE) {
        snprintf(detail, sizeof detail, "{\"%s\":\"%.*s\"}", what, CORE_STR_ARG(account));
        account__audit_put(a, batch, ACCOUNT_ACT_TEAM_SET, by, id, detail);
    }
}

int account_team_join(struct accounts *a, const struct account_actor *by, struct core_str id,
                      struct core_str account)
{
    struct store_batch *batch = store_batch_new(STORE_DURABLE);
    store_put(batch, 1, "SELECT 1 FROM team WHERE id = $1", STORE_T(id));
    store_put(batch, 1, "UPDATE account SET team = $1 WHERE id = $2", STORE_T(id),
              STORE_T(account));
    member_audit(a, batch, by, id, account, "joined");
    return changed(a, batch);
}

int account_team_leave(struct accounts *a, const struct account_actor *by, struct core_str id,
                       struct core_str account)
{
    struct store_batch *batch = store_batch_new(STORE_DURABLE);
    store_put(batch, 1, "UPDATE account SET team = '' WHERE id = $2 AND team = $1", STORE_T(id),
              STORE_T(account));
    member_audit(a, batch, by, id, account, "left");
    return changed(a, batch);
}

/* --- Who is in one ---------------------------------------------------------------------------- */

struct members {
    int (*on_member)(void *arg, const struct account_member *member);
    void *arg;
};

static int on_member_row(void *arg, const struct store_row *row)
{
    const struct members *m = arg;
    const struct account_member member = {
        .id = store_row_str(row, 0), .email = store_row_str(row, 1), .name = store_row_str(row, 2)};
    return m->on_member(m->arg, &member);
}

int account_team_members(struct accounts *a, struct core_str id, struct core_str after,
                         int64_t limit,
                         int (*on_member)(void *arg, const struct account_member *member),
                         void *arg)
{
    struct members members = {on_member, arg};
    int64_t known = 0;
    const struct store_value params[] = {STORE_T(id), STORE_T(after), STORE_I(limit)};
    int err = store_read_i64(a->store, "SELECT count(*) FROM team WHERE id = $1", params, 1,
                             &known);
    if (err || known == 0) {
        return err ? err : CORE_ENOTFOUND;
    }
    return store_read(a->store,
                      "SELECT id, email, name FROM account WHERE team = $1 AND id > $2 "
                      "ORDER BY id LIMIT $3",
                      params, 3, on_member_row, &members);
}
