/*
 * reset.c: another password for whoever lost theirs: the owner or an administrator hands over a
 * secret that sets it once. The store holds its hash. The second factor stays, so the secret alone
 * lets nobody in who has one.
 */
#include "account/room.h"

int account_reset_new(struct accounts *a, const struct account_actor *by, struct core_str id,
                      char ret[static ACCOUNT_RESET_SIZE])
{
    char secret[ACCOUNT_RESET_SIZE];
    unsigned char hash[CORE_SHA256_SIZE];
    int64_t now = core_wall_ms(a->env);
    int err = account_steer(a, by, id);
    if (err) {
        return err;
    }
    account__secret_new(a->env, "skp_", secret, sizeof secret);
    core_sha256(core_str(secret), hash);
    struct store_batch *batch = store_batch_new(STORE_DURABLE);
    store_put(batch, STORE_ROWS_ANY, "DELETE FROM reset WHERE account_id = $1 OR expires_ms <= $2",
              STORE_T(id), STORE_I(now));
    store_put(batch, 1,
              "INSERT INTO reset (code_hash, account_id, created_by, created_ms, expires_ms) "
              "VALUES ($1, $2, $3, $4, $5)",
              STORE_B(hash, sizeof hash), STORE_T(id), STORE_T(by->id), STORE_I(now),
              STORE_I(now + ACCOUNT_RESET_S * 1000));
    account__audit_put(a, batch, ACCOUNT_ACT_RESET_MADE, by, id, NULL);
    err = store_write_wait(a->store, batch);
    if (!err) {
        memcpy(ret, secret, sizeof secret);
    }
    core_wipe(secret, sizeof secret);
    return err;
}

static int reset_write(struct accounts *a, const unsigned char hash[static CORE_SHA256_SIZE],
                       const struct account_user *user, const struct account_client *client,
                       const char *phc)
{
    int64_t now = core_wall_ms(a->env);
    struct store_batch *batch = store_batch_new(STORE_DURABLE);
    store_put(batch, 1, "DELETE FROM reset WHERE code_hash = $1 AND expires_ms > $2",
              STORE_B(hash, CORE_SHA256_SIZE), STORE_I(now));
    store_put(batch, 1, "UPDATE account SET password = $2, version = version + 1 WHERE id = $1",
              STORE_C(user->id), STORE_C(phc));
    account__logins_end_put(batch, core_str(user->id), NULL, now);
    const struct account_actor by = account__actor_of(user, client);
    account__audit_put(a, batch, ACCOUNT_ACT_PASSWORD_RESET, &by, by.id, NULL);
    int err = store_write_wait(a->store, batch);
    if (account__written(err)) {
        account__logins_end_tell(a, core_str(user->id), NULL, now);
    }
    return err == CORE_EMISMATCH ? CORE_EAUTH : err;
}

int account_reset(struct accounts *a, struct core_str secret, struct core_str password,
                  const struct account_client *client, struct account_why *why)
{
    unsigned char hash[CORE_SHA256_SIZE];
    char phc[ACCOUNT_PHC_SIZE] = "";
    struct account_user user = {0};
    core_sha256(secret, hash);
    int err = account__person_read(a, ACCOUNT_PERSON_BY_RESET, core_strn(hash, sizeof hash), &user,
                                   NULL, NULL);
    if (!err) {
        err = account__password_good(password, user.email, why);
    }
    if (!err) {
        err = account__password_hash(a, password, phc);
    }
    if (!err) {
        err = reset_write(a, hash, &user, client, phc);
    }
    core_wipe(phc, sizeof phc);
    return err == CORE_ENOTFOUND ? CORE_EAUTH : err;
}
