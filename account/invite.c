/*
 * invite.c: invitations: a secret that makes one account of one role. The store holds its hash, of
 * which the first bytes are the id that an open one is listed and taken back by.
 */
#include "account/room.h"

#include <stdio.h>

void account__invite_id(struct core_str hash, char out[static ACCOUNT_INVITE_ID_SIZE])
{
    core_hex_encode(hash.ptr, (ACCOUNT_INVITE_ID_SIZE - 1) / 2, out);
}

static bool is_invitable(struct core_str role)
{
    return core_str_eq_c(role, "admin") || core_str_eq_c(role, "member") ||
           core_str_eq_c(role, "guest") || core_str_eq_c(role, "agent");
}

int account_invite(struct accounts *a, const struct account_actor *by, struct core_str role,
                   char ret[static ACCOUNT_INVITE_SIZE])
{
    char secret[ACCOUNT_INVITE_SIZE];
    unsigned char hash[CORE_SHA256_SIZE];
    int64_t now = core_wall_ms(a->env), open;
    const struct store_value since = STORE_I(now);
    if (!is_invitable(role)) {
        return CORE_EINVAL;
    }
    int err = store_read_i64(a->store,
                             "SELECT count(*) FROM invite WHERE used_by = '' AND expires_ms > $1",
                             &since, 1, &open);
    if (err || open >= ACCOUNT_LIMIT_INVITES) {
        return err ? err : CORE_ELIMIT;
    }
    account__secret_new(a->env, "ski_", secret, sizeof secret);
    core_sha256(core_str(secret), hash);
    struct store_batch *batch = store_batch_new(STORE_DURABLE);
    store_put(batch, STORE_ROWS_ANY, "DELETE FROM invite WHERE used_by = '' AND expires_ms <= $1",
              STORE_I(now));
    store_put(batch, 1,
              "INSERT INTO invite (code_hash, role, created_by, created_ms, expires_ms) "
              "VALUES ($1, $2, $3, $4, $5)",
              STORE_B(hash, sizeof hash), STORE_T(role), STORE_T(by->id), STORE_I(now),
              STORE_I(now + ACCOUNT_INVITE_S * 1000ll));
    char id[ACCOUNT_INVITE_ID_SIZE], detail[64];
    account__invite_id(core_strn(hash, sizeof hash), id);
    snprintf(detail, sizeof detail, "{\"role\":\"%.*s\"}", CORE_STR_ARG(role));
    account__audit_put(a, batch, ACCOUNT_ACT_INVITE_MADE, by, core_str(id), detail);
    err = store_write_wait(a->store, batch);
    if (!err) {
        memcpy(ret, secret, sizeof secret);
    }
    core_wipe(secret, sizeof secret);
    return err;
}

static int on_role(void *arg, const struct store_row *row)
{
    account__copy(store_row_str(row, 0), arg, sizeof((struct account_user *)0)->role);
    return 0;
}

/* The role that an invitation gives; empty: it gives none, as one of whoever steers no longer. */
int account__invite_role(struct accounts *a, const unsigned char hash[static CORE_SHA256_SIZE],
                         char *ret_role)
{
    const struct store_value params[] = {STORE_B(hash, CORE_SHA256_SIZE),
                                         STORE_I(core_wall_ms(a->env))};
    return store_read(a->store,
                      "SELECT role FROM invite WHERE code_hash = $1 AND used_by = '' "
                      "AND expires_ms > $2 AND " ACCOUNT_STEERS("created_by"),
                      params, 2, on_role, ret_role);
}

/* --- Open ones -------------------------------------------------------------------------------- */

struct listing {
    int (*on_invite)(void *arg, const struct account_invite_info *invite);
    void *arg;
};

static int on_open(void *arg, const struct store_row *row)
{
    const struct listing *l = arg;
    char id[ACCOUNT_INVITE_ID_SIZE];
    struct core_str hash = store_row_str(row, 0);
    if (hash.len != CORE_SHA256_SIZE) {
        return CORE_ECORRUPT;
    }
    account__invite_id(hash, id);
    const struct account_invite_info info = {
        .id = core_str(id),
        .role = store_row_str(row, 1),
        .created_by = store_row_str(row, 2),
        .created_ms = store_row_i64(row, 3),
        .expires_ms = store_row_i64(row, 4),
    };
    return l->on_invite(l->arg, &info);
}

static const char OPEN[] = "SELECT code_hash, role, created_by, created_ms, expires_ms FROM invite "
                           "WHERE used_by = '' AND expires_ms > $1 ORDER BY created_ms DESC";

int account_invites(struct accounts *a,
                    int (*on_invite)(void *arg, const struct account_invite_info *invite),
                    void *arg)
{
    struct listing listing = {on_invite, arg};
    const struct store_value now = STORE_I(core_wall_ms(a->env));
    return store_read(a->store, OPEN, &now, 1, on_open, &listing);
}

struct search {
    struct core_str id;
    unsigned char hash[CORE_SHA256_SIZE];
};

static int on_searched(void *arg, const struct store_row *row)
{
    struct search *s = arg;
    char id[ACCOUNT_INVITE_ID_SIZE];
    struct core_str hash = store_row_str(row, 0);
    if (hash.len != CORE_SHA256_SIZE) {
        return CORE_ECORRUPT;
    }
    account__invite_id(hash, id);
    if (!core_str_eq_c(s->id, id)) {
        return 0;
    }
    memcpy(s->hash, hash.ptr, sizeof s->hash);
    return 1;
}

int account_invite_end(struct accounts *a, const struct account_actor *by, struct core_str id)
{
    struct search search = {.id = id};
    const struct store_value now = STORE_I(core_wall_ms(a->env));
    int found = store_read(a->store, OPEN, &now, 1, on_searched, &search);
    if (found != 1) {
        return found ? found : CORE_ENOTFOUND;
    }
    struct store_batch *batch = store_batch_new(STORE_DURABLE);
    store_put(batch, 1, "DELETE FROM invite WHERE code_hash = $1 AND used_by = ''",
              STORE_B(search.hash, sizeof search.hash));
    account__audit_put(a, batch, ACCOUNT_ACT_INVITE_REMOVED, by, id, NULL);
    int err = store_write_wait(a->store, batch);
    return err == CORE_EMISMATCH ? CORE_ENOTFOUND : err;
}
