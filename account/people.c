/*
 * people.c: accounts: who may have one, and the password that proves it. What they type is typed.c,
 * invitations are invite.c.
 */
#include "account/room.h"

#include <stdio.h>

#define PERSON "SELECT " ACCOUNT_USER_COLUMNS ", password, disabled FROM account WHERE "
const char ACCOUNT_PERSON_BY_ID[] = PERSON "id = $1";
const char ACCOUNT_PERSON_BY_EMAIL[] = PERSON "email = $1";
const char ACCOUNT_PERSON_BY_RESET[] = PERSON
    "id = (SELECT account_id FROM reset WHERE code_hash = $1 AND " ACCOUNT_STEERS("created_by") ")";
const char ACCOUNT_PERSON_BY_LOGIN[] = PERSON "id = (SELECT account_id FROM login WHERE id = $1)";

/* --- Reading ---------------------------------------------------------------------------------- */

struct person {
    struct account_user *user;
    char *phc;
    bool disabled, found;
};

void account__copy(struct core_str text, char *out, size_t cap)
{
    snprintf(out, cap, "%.*s", CORE_STR_ARG(text));
}

void account__user_of_row(const struct store_row *row, unsigned column, struct account_user *ret)
{
    account__copy(store_row_str(row, column), ret->id, sizeof ret->id);
    account__copy(store_row_str(row, column + 1), ret->email, sizeof ret->email);
    account__copy(store_row_str(row, column + 2), ret->name, sizeof ret->name);
    account__copy(store_row_str(row, column + 3), ret->role, sizeof ret->role);
    account__copy(store_row_str(row, column + 4), ret->tier, sizeof ret->tier);
    ret->totp = store_row_i64(row, column + 5) != 0;
    ret->version = store_row_i64(row, column + 6);
}

void account__owner_unregistered(struct account_user *ret)
{
    *ret = (struct account_user){.id = "owner", .name = "owner", .role = "owner", .tier = "owner"};
}

static int on_person(void *arg, const struct store_row *row)
{
    struct person *p = arg;
    account__user_of_row(row, 0, p->user);
    if (p->phc) {
        account__copy(store_row_str(row, 7), p->phc, ACCOUNT_PHC_SIZE);
    }
    p->disabled = store_row_i64(row, 8) != 0;
    p->found = true;
    return 0;
}

int account__person_read(struct accounts *a, const char *sql, struct core_str key,
                         struct account_user *ret, char phc[ACCOUNT_PHC_SIZE], bool *ret_disabled)
{
    struct person p = {.user = ret, .phc = phc};
    const struct store_value value = sql == ACCOUNT_PERSON_BY_RESET ? STORE_B(key.ptr, key.len)
                                                                    : STORE_T(key);
    int err = store_read(a->store, sql, &value, 1, on_person, &p);
    if (!err && ret_disabled) {
        *ret_disabled = p.disabled;
    }
    return err ? err : p.found ? 0 : CORE_ENOTFOUND;
}

bool account_steers(const char *role)
{
    return strcmp(role, "owner") == 0 || strcmp(role, "admin") == 0;
}

int account_read(struct accounts *a, struct core_str id, struct account_user *ret)
{
    return account__person_read(a, ACCOUNT_PERSON_BY_ID, id, ret, NULL, NULL);
}

/* Agents are programs: they have tokens, no browser. */
static int client_fits(const struct account_user *user, const struct account_client *client)
{
    return client->browser && strcmp(user->role, "agent") == 0 ? CORE_EUNSUPPORTED : 0;
}

/* --- Registering ------------------------------------------------------------------------------ */

/* The first account of whoever proves to be the owner is the owner's; their others are members. */
static int owner_or_member(struct accounts *a, struct account_user *user)
{
    struct account_user owner;
    int err = account_read(a, CORE_STR("owner"), &owner);
    if (err == CORE_ENOTFOUND) {
        snprintf(user->id, sizeof user->id, "owner");
        snprintf(user->role, sizeof user->role, "owner");
        snprintf(user->tier, sizeof user->tier, "owner");
        return 0;
    }
    snprintf(user->role, sizeof user->role, "member");
    return err;
}

/* Which role, and whether at all. */
static int role_find(struct accounts *a, const struct account_form *form,
                     const unsigned char invite[static CORE_SHA256_SIZE], struct account_user *user)
{
    core_id_new(a->env, user->id);
    snprintf(user->tier, sizeof user->tier, "free");
    if (form->owner) {
        return owner_or_member(a, user);
    }
    if (form->invite.len > 0) {
        int err = account__invite_role(a, invite, user->role);
        return err ? err : *user->role ? 0 : CORE_EDENIED;
    }
    snprintf(user->role, sizeof user->role, "member");
    return form->open ? 0 : CORE_EDENIED;
}

static int account_add(struct accounts *a, const struct account_form *form,
                       const unsigned char invite[static CORE_SHA256_SIZE],
                       const struct account_user *user, const struct account_client *client,
                       const char *phc)
{
    char detail[32];
    int64_t now = core_wall_ms(a->env);
    struct store_batch *batch = store_batch_new(STORE_DURABLE);
    store_put(batch, 1,
              "INSERT INTO account (id, email, name, role, tier, password, created_ms) "
              "VALUES ($1, $2, $3, $4, $5, $6, $7)",
              STORE_C(user->id), STORE_C(user->email), STORE_C(user->name), STORE_C(user->role),
              STORE_C(user->tier), STORE_C(phc), STORE_I(now));
    const struct account_actor by = account__actor_of(user, client);
    if (!form->owner && form->invite.len > 0) {
        char id[ACCOUNT_INVITE_ID_SIZE];
        account__invite_id(core_strn(invite, CORE_SHA256_SIZE), id);
        account__audit_put(a, batch, ACCOUNT_ACT_INVITE_USED, &by, core_str(id), NULL);
        store_put(batch, 1,
                  "UPDATE invite SET used_by = $2 WHERE code_hash = $1 AND used_by = '' "
                  "AND expires_ms > $3",
                  STORE_B(invite, CORE_SHA256_SIZE), STORE_C(user->id), STORE_I(now));
    }
    snprintf(detail, sizeof detail, "{\"role\":\"%s\"}", user->role);
    account__audit_put(a, batch, ACCOUNT_ACT_ACCOUNT_REGISTERED, &by, by.id, detail);
    int err = store_write_wait(a->store, batch);
    return err == CORE_EMISMATCH ? CORE_EDENIED : err; /* somebody else used the invitation */
}

int account_register(struct accounts *a, const struct account_form *form,
                     const struct account_client *client, struct account_tokens *ret,
                     struct account_why *why)
{
    struct account_tokens tokens = {0};
    char phc[ACCOUNT_PHC_SIZE];
    unsigned char invite[CORE_SHA256_SIZE];
    core_sha256(form->invite, invite);
    int err = account__form_read(form, &tokens.user, why);
    if (!err) {
        err = role_find(a, form, invite, &tokens.user);
    }
    if (!err) {
        err = client_fits(&tokens.user, client);
    }
    if (!err) {
        err = account__password_hash(a, form->password, phc);
    }
    if (!err) {
        err = account_add(a, form, invite, &tokens.user, client, phc);
    }
    if (!err) {
        account__news_changed(a, core_str(tokens.user.id));
    }
    if (!err && form->owner) {
        account__view_renew(a); /* there may be keys from before */
    }
    if (!err) {
        err = account__login_begin(a, client, false, &tokens);
    }
    if (!err) {
        *ret = tokens;
    }
    core_wipe(phc, sizeof phc);
    core_wipe(&tokens, sizeof tokens);
    return err;
}

/* --- Logging in ------------------------------------------------------------------------------- */

/* An address that is none is looked up all the same: it takes as long. */
static int password_right(struct accounts *a, struct core_str email, struct core_str password,
                          struct account_user *ret)
{
    char phc[ACCOUNT_PHC_SIZE] = "", lower[ACCOUNT_LIMIT_EMAIL] = "";
    bool disabled = false;
    if (account__email_read(email, lower)) {
        *lower = '\0';
    }
    int err = account__person_read(a, ACCOUNT_PERSON_BY_EMAIL, core_str(lower), ret, phc,
                                   &disabled);
    if (!err || err == CORE_ENOTFOUND) {
        err = account__password_check(a, core_str(phc), password);
    }
    core_wipe(phc, sizeof phc);
    return err == CORE_EDENIED || (!err && disabled) ? CORE_EAUTH : err;
}

/* The second factor of an account that has one. */
static int factor_right(struct accounts *a, const struct account_user *user, struct core_str totp,
                        struct account_why *why)
{
    struct account_factor factor;
    int err = account__factor_read(a, core_str(user->id), &factor);
    if (!err && factor.on && totp.len == 0) {
        why->field = "totp";
        err = CORE_EAUTH;
    } else if (!err && factor.on) {
        err = account__factor_use(a, core_str(user->id), &factor, totp);
    }
    core_wipe(&factor, sizeof factor);
    return err;
}

int account_login(struct accounts *a, struct core_str email, struct core_str password,
                  struct core_str totp, const struct account_client *client,
                  struct account_tokens *ret, struct account_why *why)
{
    struct account_tokens tokens = {0};
    int err = password.len > ACCOUNT_LIMIT_PASSWORD
                  ? CORE_EAUTH
                  : password_right(a, email, password, &tokens.user);
    memcpy(why->account, tokens.user.id, sizeof why->account);
    if (!err) {
        err = factor_right(a, &tokens.user, totp, why);
    }
    if (!err) {
        err = client_fits(&tokens.user, client);
    }
    if (!err) {
        err = account__login_begin(a, client, false, &tokens);
    }
    if (!err) {
        *ret = tokens;
    }
    core_wipe(&tokens, sizeof tokens);
    return err;
}

/* --- Another password ------------------------------------------------------------------------- */

static int password_write(struct accounts *a, struct core_str account, const char *was,
                          const char *phc, const char *keep, const struct account_actor *by)
{
    int64_t now = core_wall_ms(a->env);
    struct store_batch *batch = store_batch_new(STORE_DURABLE);
    store_put(batch, 1,
              "UPDATE account SET password = $3, version = version + 1 "
              "WHERE id = $1 AND password = $2",
              STORE_T(account), STORE_C(was), STORE_C(phc));
    /* Whoever takes another password may do so because of a secret that went astray. */
    store_put(batch, STORE_ROWS_ANY, "DELETE FROM reset WHERE account_id = $1", STORE_T(account));
    account__logins_end_put(batch, account, keep, now);
    account__audit_put(a, batch, ACCOUNT_ACT_PASSWORD_CHANGED, by, account, NULL);
    int err = store_write_wait(a->store, batch);
    if (account__written(err)) {
        account__logins_end_tell(a, account, keep, now);
    }
    return err == CORE_EMISMATCH ? CORE_EAUTH : err; /* the old one is not right any more */
}

int account_password_change(struct accounts *a, struct core_str account, struct core_str old,
                            struct core_str password, const char *keep,
                            const struct account_actor *by, struct account_why *why)
{
    char was[ACCOUNT_PHC_SIZE] = "", phc[ACCOUNT_PHC_SIZE] = "";
    struct account_user user;
    int err = account__person_read(a, ACCOUNT_PERSON_BY_ID, account, &user, was, NULL);
    if (!err) {
        err = account__password_good(password, user.email, why);
    }
    if (!err) {
        err = account__password_check(a, core_str(was), old);
    }
    if (!err) {
        err = account__password_hash(a, password, phc);
    }
    if (!err) {
        err = password_write(a, account, was, phc, keep, by);
    }
    core_wipe(was, sizeof was);
    core_wipe(phc, sizeof phc);
    return err == CORE_EDENIED ? CORE_EAUTH : err;
}
