/*
 * people.c: accounts: who may have one, and the password that proves it.
 *
 * An e-mail address is the name of an account: ASCII, in lower case, so that none looks like another. Nothing is
 * sent to it.
 */
#include "account/room.h"

#include <stdio.h>

#define PERSON "SELECT id, email, name, role, tier, password, disabled FROM account WHERE "
const char ACCOUNT_PERSON_BY_ID[] = PERSON "id = $1";
const char ACCOUNT_PERSON_BY_EMAIL[] = PERSON "email = $1";
const char ACCOUNT_PERSON_BY_LOGIN[] = PERSON "id = (SELECT account_id FROM login WHERE id = $1)";

/* --- Reading --------------------------------------------------------------------------------------- */

struct person {
    struct account_user *user;
    char *phc;
    bool disabled, found;
};

static void copy(const struct store_row *row, unsigned column, char *out, size_t cap)
{
    struct core_str value = store_row_str(row, column);
    snprintf(out, cap, "%.*s", (int)value.len, value.ptr);
}

static int on_person(void *arg, const struct store_row *row)
{
    struct person *p = arg;
    copy(row, 0, p->user->id, sizeof p->user->id);
    copy(row, 1, p->user->email, sizeof p->user->email);
    copy(row, 2, p->user->name, sizeof p->user->name);
    copy(row, 3, p->user->role, sizeof p->user->role);
    copy(row, 4, p->user->tier, sizeof p->user->tier);
    if (p->phc) {
        copy(row, 5, p->phc, ACCOUNT_PHC_SIZE);
    }
    p->disabled = store_row_i64(row, 6) != 0;
    p->found = true;
    return 0;
}

int account__person_read(struct accounts *a, const char *sql, struct core_str key,
                         struct account_user *ret, char phc[ACCOUNT_PHC_SIZE], bool *ret_disabled)
{
    struct person p = {.user = ret, .phc = phc};
    const struct store_value value = STORE_T(key);
    int err = store_read(a->store, sql, &value, 1, on_person, &p);
    if (!err && ret_disabled) {
        *ret_disabled = p.disabled;
    }
    return err ? err : p.found ? 0 : CORE_ENOTFOUND;
}

int account_read(struct accounts *a, struct core_str id, struct account_user *ret)
{
    return account__person_read(a, ACCOUNT_PERSON_BY_ID, id, ret, NULL, NULL);
}

/* --- What people type -------------------------------------------------------------------------------- */

static int wrong(struct account_why *why, const char *field, const char *must)
{
    why->field = field;
    why->must = must;
    return CORE_EINVAL;
}

/* In lower case; CORE_EINVAL. */
static int email_read(struct core_str text, char out[static ACCOUNT_LIMIT_EMAIL])
{
    size_t at = text.len;
    if (text.len < 3 || text.len >= ACCOUNT_LIMIT_EMAIL) {
        return CORE_EINVAL;
    }
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c <= ' ' || c > '~' || (c == '@' && at < text.len)) {
            return CORE_EINVAL;
        }
        at = c == '@' ? i : at;
        out[i] = (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
    }
    out[text.len] = '\0';
    return at == 0 || at + 1 >= text.len ? CORE_EINVAL : 0;
}

/* What stands before the @ when no name is given. */
static int name_read(struct core_str name, const char *email, char out[static ACCOUNT_LIMIT_NAME])
{
    struct core_str text = core_str_trim(name);
    if (text.len == 0) {
        text = core_strn(email, strcspn(email, "@"));
        text.len = text.len < ACCOUNT_LIMIT_NAME ? text.len : ACCOUNT_LIMIT_NAME - 1;
    }
    if (text.len >= ACCOUNT_LIMIT_NAME || !core_utf8_valid(text)) {
        return CORE_EINVAL;
    }
    for (size_t i = 0; i < text.len; i++) {
        if ((unsigned char)text.ptr[i] < 0x20 || text.ptr[i] == 0x7f) {
            return CORE_EINVAL;
        }
    }
    memcpy(out, text.ptr, text.len);
    out[text.len] = '\0';
    return 0;
}

static int password_good(struct core_str password, const char *email, struct account_why *why)
{
    struct core_str local = core_strn(email, strcspn(email, "@"));
    if (password.len < ACCOUNT_LIMIT_PASSWORD_MIN || password.len > ACCOUNT_LIMIT_PASSWORD) {
        return wrong(why, "password", "must have 8 to 1024 bytes");
    }
    if (core_str_ieq(password, core_str(email)) || core_str_ieq(password, local)) {
        return wrong(why, "password", "must not be the e-mail address");
    }
    return 0;
}

static int form_read(const struct account_form *form, struct account_user *ret,
                     struct account_why *why)
{
    if (email_read(form->email, ret->email)) {
        return wrong(why, "email", "must be an e-mail address in ASCII, such as name@example.org");
    }
    if (name_read(form->name, ret->email, ret->name)) {
        return wrong(why, "name", "must be text of at most 128 bytes without control characters");
    }
    return password_good(form->password, ret->email, why);
}

/* --- Invitations ------------------------------------------------------------------------------------- */

static bool is_invitable(struct core_str role)
{
    return core_str_eq_c(role, "admin") || core_str_eq_c(role, "member") ||
           core_str_eq_c(role, "guest") || core_str_eq_c(role, "agent");
}

int account_invite(struct accounts *a, const struct account_actor *by, struct core_str role,
                   char out[static ACCOUNT_INVITE_SIZE])
{
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
    account__secret_new(a->env, "ski_", out, ACCOUNT_INVITE_SIZE);
    core_sha256(core_str(out), hash);
    struct store_batch *batch = store_batch_new(STORE_DURABLE);
    store_put(batch, STORE_ROWS_ANY, "DELETE FROM invite WHERE used_by = '' AND expires_ms <= $1",
              STORE_I(now));
    store_put(batch, 1,
              "INSERT INTO invite (code_hash, role, created_by, created_ms, expires_ms) "
              "VALUES ($1, $2, $3, $4, $5)",
              STORE_B(hash, sizeof hash), STORE_T(role), STORE_T(by->id), STORE_I(now),
              STORE_I(now + ACCOUNT_INVITE_S * 1000ll));
    account_audit_add(
        a->env, batch,
        &(const struct account_event){.act = ACCOUNT_ACT_INVITE_MADE, .by = by, .object = role});
    return store_write_wait(a->store, batch);
}

static int on_role(void *arg, const struct store_row *row)
{
    copy(row, 0, arg, sizeof((struct account_user *)0)->role);
    return 0;
}

/* The role that an invitation gives; empty: it gives none. */
static int invite_role(struct accounts *a, const unsigned char hash[static CORE_SHA256_SIZE],
                       char *ret_role)
{
    const struct store_value params[] = {STORE_B(hash, CORE_SHA256_SIZE),
                                         STORE_I(core_wall_ms(a->env))};
    return store_read(a->store,
                      "SELECT role FROM invite WHERE code_hash = $1 AND used_by = '' "
                      "AND expires_ms > $2",
                      params, 2, on_role, ret_role);
}

/* --- Registering --------------------------------------------------------------------------------------- */

/* The first account of whoever proves to be the owner is the owner's; their others are members. */
static int owner_or_member(struct accounts *a, struct account_user *user)
{
    struct account_user owner;
    int err = account_read(a, CORE_STR("owner"), &owner);
    if (err == CORE_ENOTFOUND) {
        snprintf(user->id, sizeof user->id, "owner");
        snprintf(user->role, sizeof user->role, "owner");
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
        int err = invite_role(a, invite, user->role);
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
    int64_t now = core_wall_ms(a->env);
    struct store_batch *batch = store_batch_new(STORE_DURABLE);
    store_put(batch, 1,
              "INSERT INTO account (id, email, name, role, tier, password, created_ms) "
              "VALUES ($1, $2, $3, $4, $5, $6, $7)",
              STORE_C(user->id), STORE_C(user->email), STORE_C(user->name), STORE_C(user->role),
              STORE_C(user->tier), STORE_C(phc), STORE_I(now));
    if (!form->owner && form->invite.len > 0) {
        store_put(batch, 1,
                  "UPDATE invite SET used_by = $2 WHERE code_hash = $1 AND used_by = '' "
                  "AND expires_ms > $3",
                  STORE_B(invite, CORE_SHA256_SIZE), STORE_C(user->id), STORE_I(now));
    }
    const struct account_actor by = account__actor_of(user, client);
    account_audit_add(a->env, batch,
                      &(const struct account_event){.act = ACCOUNT_ACT_ACCOUNT_REGISTERED,
                                                    .by = &by,
                                                    .object = core_str(user->id)});
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
    int err = form_read(form, &tokens.user, why);
    if (!err) {
        err = role_find(a, form, invite, &tokens.user);
    }
    if (!err) {
        err = account__password_hash(a, form->password, phc);
    }
    if (!err) {
        err = account_add(a, form, invite, &tokens.user, client, phc);
    }
    if (!err) {
        err = account__login_begin(a, client, &tokens);
    }
    if (!err) {
        *ret = tokens;
    }
    core_wipe(phc, sizeof phc);
    core_wipe(&tokens, sizeof tokens);
    return err;
}

/* --- Logging in ------------------------------------------------------------------------------------------ */

/* An address that is none is looked up all the same: it takes as long. */
static int password_right(struct accounts *a, struct core_str email, struct core_str password,
                          struct account_user *ret)
{
    char phc[ACCOUNT_PHC_SIZE] = "", lower[ACCOUNT_LIMIT_EMAIL] = "";
    bool disabled = false;
    if (email_read(email, lower)) {
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
        err = account__login_begin(a, client, &tokens);
    }
    if (!err) {
        *ret = tokens;
    }
    core_wipe(&tokens, sizeof tokens);
    return err;
}

/* --- Another password ---------------------------------------------------------------------------- */

static int password_write(struct accounts *a, struct core_str account, const char *was,
                          const char *phc, const struct account_actor *by)
{
    struct store_batch *batch = store_batch_new(STORE_DURABLE);
    store_put(batch, 1, "UPDATE account SET password = $3 WHERE id = $1 AND password = $2",
              STORE_T(account), STORE_C(was), STORE_C(phc));
    account_audit_add(a->env, batch,
                      &(const struct account_event){
                          .act = ACCOUNT_ACT_PASSWORD_CHANGED, .by = by, .object = account});
    return store_write_wait(a->store, batch);
}

int account_password_change(struct accounts *a, struct core_str account, struct core_str old,
                            struct core_str password, const char *keep,
                            const struct account_actor *by, struct account_why *why)
{
    char was[ACCOUNT_PHC_SIZE] = "", phc[ACCOUNT_PHC_SIZE] = "";
    struct account_user user;
    int err = account__person_read(a, ACCOUNT_PERSON_BY_ID, account, &user, was, NULL);
    if (!err) {
        err = password_good(password, user.email, why);
    }
    if (!err) {
        err = account__password_check(a, core_str(was), old);
    }
    if (!err) {
        err = account__password_hash(a, password, phc);
    }
    if (!err) {
        err = password_write(a, account, was, phc, by);
    }
    if (!err) {
        err = account__logins_end(a, account, keep, by);
    }
    core_wipe(was, sizeof was);
    core_wipe(phc, sizeof phc);
    return err == CORE_EDENIED ? CORE_EAUTH : err;
}
