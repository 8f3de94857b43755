/*
 * steer.c: people as the owner and administrators see and change them, and accounts that end.
 *
 *     who        may change
 *     owner      everybody, but not the owner's own place
 *     admin      members, guests and agents; themselves only in what they are called
 *
 * A change or removal carries the version that it was
 * decided on; of two at once one is told to look again.
 */
#include "account/room.h"

#include <stdio.h>

/* --- Reading ---------------------------------------------------------------------------------- */

#define PERSON                                                                                     \
    "SELECT " ACCOUNT_USER_COLUMNS ", created_ms, disabled, "                                      \
    "(SELECT max(used_ms) FROM login WHERE account_id = account.id) FROM account WHERE "

static void person_of_row(const struct store_row *row, struct account_person *ret)
{
    *ret = (struct account_person){.created_ms = store_row_i64(row, 7),
                                   .disabled = store_row_i64(row, 8) != 0,
                                   .used_ms = store_row_i64(row, 9)};
    account__user_of_row(row, 0, &ret->user);
}

struct listing {
    int (*on_person)(void *arg, const struct account_person *person);
    void *arg;
};

static int on_listed(void *arg, const struct store_row *row)
{
    const struct listing *l = arg;
    struct account_person person;
    person_of_row(row, &person);
    return l->on_person(l->arg, &person);
}

int account_people(struct accounts *a, struct core_str like, struct core_str after, unsigned limit,
                   int (*on_person)(void *arg, const struct account_person *person), void *arg)
{
    struct listing listing = {on_person, arg};
    char small[ACCOUNT_LIMIT_EMAIL + 1];
    if (like.len > sizeof small) {
        return 0; /* longer than whatever it could be a part of */
    }
    /* Here and not in SQL: what lower() makes of a parameter is up to the language of a
     * database. */
    for (size_t i = 0; i < like.len; i++) {
        char c = like.ptr[i];
        small[i] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
    }
    const struct store_value params[] = {STORE_T(after), STORE_T(core_strn(small, like.len)),
                                         STORE_I(limit)};
    return store_read(a->store,
                      PERSON "account.id > $1 AND ($2 = '' OR "
                             "replace(lower(email), $2, '') <> lower(email) OR "
                             "replace(lower(name), $2, '') <> lower(name)) "
                             "ORDER BY account.id LIMIT $3",
                      params, 3, on_listed, &listing);
}

static int on_one(void *arg, const struct store_row *row)
{
    person_of_row(row, arg);
    return 1;
}

int account_person(struct accounts *a, struct core_str id, struct account_person *ret)
{
    const struct store_value key = STORE_T(id);
    int found = store_read(a->store, PERSON "account.id = $1", &key, 1, on_one, ret);
    return found == 1 ? 0 : found ? found : CORE_ENOTFOUND;
}

/* --- Who may ---------------------------------------------------------------------------------- */

static bool same(const char *a, const char *b)
{
    return strcmp(a, b) == 0;
}

static int steer(struct accounts *a, const struct account_actor *by, struct core_str id,
                 struct account_person *ret)
{
    int err = account_person(a, id, ret);
    if (err) {
        return err;
    }
    bool may = core_str_eq_c(by->role, "owner") ||
               (core_str_eq_c(by->role, "admin") && !account_steers(ret->user.role));
    return may ? 0 : CORE_EDENIED;
}

int account_steer(struct accounts *a, const struct account_actor *by, struct core_str id)
{
    struct account_person person;
    return steer(a, by, id, &person);
}

/* --- Changing --------------------------------------------------------------------------------- */

static bool is_role(struct core_str role)
{
    return core_str_eq_c(role, "admin") || core_str_eq_c(role, "member") ||
           core_str_eq_c(role, "guest") || core_str_eq_c(role, "agent");
}

/* What "owner" grants, only the owner gives and takes. */
static int tier_apply(struct accounts *a, const struct account_actor *by, struct core_str tier,
                      struct account_person *p, struct account_why *why)
{
    const struct store_value name = STORE_T(tier);
    int64_t known = 0;
    if (core_str_eq_c(tier, p->user.tier)) {
        return 0;
    }
    if ((core_str_eq_c(tier, "owner") || same(p->user.tier, "owner")) &&
        !core_str_eq_c(by->role, "owner")) {
        return CORE_EDENIED;
    }
    int err = store_read_i64(a->store, "SELECT count(*) FROM tier WHERE name = $1", &name, 1,
                             &known);
    if (err || known == 0) {
        return err ? err : account__wrong(why, "tier", "must be the name of a tier");
    }
    account__copy(tier, p->user.tier, sizeof p->user.tier);
    return 0;
}

/* The person as they will be, but for the tier. */
static int apply(const struct account_change *change, struct account_person *p,
                 struct account_why *why)
{
    bool owner = same(p->user.role, "owner");
    if (change->role.ptr && !core_str_eq_c(change->role, p->user.role)) {
        if (owner) {
            return CORE_EDENIED;
        }
        if (!is_role(change->role)) {
            return account__wrong(why, "role", "must be admin, member, guest or agent");
        }
        account__copy(change->role, p->user.role, sizeof p->user.role);
    }
    if (change->email.ptr && account__email_read(change->email, p->user.email)) {
        return account__wrong(why, "email", ACCOUNT_EMAIL_MUST);
    }
    if (change->name.ptr && account__name_read(change->name, p->user.email, p->user.name)) {
        return account__wrong(why, "name", ACCOUNT_NAME_MUST);
    }
    if (change->disabled >= 0) {
        if (owner && change->disabled) {
            return CORE_EDENIED;
        }
        p->disabled = change->disabled != 0;
    }
    return 0;
}

static int change_write(struct accounts *a, const struct account_actor *by,
                        const struct account_person *p, bool end_logins, bool readdressed)
{
    int64_t now = core_wall_ms(a->env);
    struct core_str id = core_str(p->user.id);
    struct store_batch *batch = store_batch_new(STORE_DURABLE);
    store_put(batch, 1,
              "UPDATE account SET role = $3, tier = $4, name = $5, disabled = $6, "
              "version = version + 1, changed_ms = $7, email = $8 WHERE id = $1 AND version = $2 "
              "AND (tier = $4 OR EXISTS (SELECT 1 FROM tier WHERE name = $4))",
              STORE_T(id), STORE_I(p->user.version), STORE_C(p->user.role), STORE_C(p->user.tier),
              STORE_C(p->user.name), STORE_I(p->disabled), STORE_I(now), STORE_C(p->user.email));
    if (end_logins) {
        account__logins_end_put(batch, id, NULL, now);
    }
    char detail[96];
    snprintf(detail, sizeof detail, "{\"role\":\"%s\",\"tier\":\"%s\",\"disabled\":%s%s}",
             p->user.role, p->user.tier, p->disabled ? "true" : "false",
             readdressed ? ",\"email\":\"changed\"" : "");
    account__audit_put(a, batch, ACCOUNT_ACT_ACCOUNT_CHANGED, by, id, detail);
    int err = store_write_wait(a->store, batch);
    if (account__written(err)) {
        if (end_logins) {
            account__logins_end_tell(a, id, NULL, now);
        }
        account__news_changed(a, id);
        account__view_renew(a);
    }
    return err == CORE_EMISMATCH ? CORE_EBUSY : err;
}

int account_change(struct accounts *a, const struct account_actor *by, struct core_str id,
                   const struct account_change *change, struct account_person *ret,
                   struct account_why *why)
{
    struct account_person person;
    int err = account_person(a, id, &person);
    if (err) {
        return err;
    }
    bool self = core_str_eq(id, by->id);
    bool named_only = !change->role.ptr && !change->tier.ptr && change->disabled < 0;
    err = self && named_only ? 0 : change->email.ptr ? CORE_EDENIED : account_steer(a, by, id);
    bool was_agent = same(person.user.role, "agent");
    if (!err) {
        err = apply(change, &person, why);
    }
    if (!err && change->tier.ptr) {
        err = tier_apply(a, by, change->tier, &person, why);
    }
    if (!err) {
        err = change_write(a, by, &person,
                           person.disabled || was_agent != same(person.user.role, "agent"),
                           change->email.ptr != NULL);
    }
    if (!err) {
        person.user.version++;
        *ret = person;
    }
    return err;
}

int account_totp_strip(struct accounts *a, const struct account_actor *by, struct core_str id)
{
    struct account_person person;
    int err = steer(a, by, id, &person);
    return err ? err : !person.user.totp ? CORE_ENOTFOUND : account__factor_drop(a, by, id);
}

/* --- The end ---------------------------------------------------------------------------------- */

static int erase(struct accounts *a, const struct account_actor *by,
                 const struct account_user *user,
                 void (*others)(struct store_batch *batch, struct core_str account))
{
    int64_t now = core_wall_ms(a->env);
    struct core_str id = core_str(user->id);
    struct store_batch *batch = store_batch_new(STORE_DURABLE);
    store_put(batch, 1, "DELETE FROM account WHERE id = $1 AND version = $2", STORE_T(id),
              STORE_I(user->version));
    if (same(user->role, "owner")) {
        store_put(batch, 0, "SELECT id FROM account WHERE id <> $1", STORE_T(id));
    }
    store_put(batch, STORE_ROWS_ANY, "DELETE FROM recovery WHERE account_id = $1", STORE_T(id));
    store_put(batch, STORE_ROWS_ANY, "DELETE FROM reset WHERE account_id = $1", STORE_T(id));
    store_put(batch, STORE_ROWS_ANY, "DELETE FROM invite WHERE created_by = $1 AND used_by = ''",
              STORE_T(id));
    /* Who made it and who used it nobody needs to know any more. */
    store_put(batch, STORE_ROWS_ANY, "DELETE FROM invite WHERE used_by = $1", STORE_T(id));
    account__spending_forget(batch, id);
    account__logins_end_put(batch, id, NULL, now);
    /* Logins stay without what they tell of a person until their access tokens have run out. */
    store_put(batch, STORE_ROWS_ANY,
              "UPDATE login SET agent = '', address = '', expires_ms = $2 WHERE account_id = $1",
              STORE_T(id), STORE_I(now));
    others(batch, id);
    account__audit_put(a, batch, ACCOUNT_ACT_ACCOUNT_REMOVED, by, id, NULL);
    int err = store_write_wait(a->store, batch);
    if (account__written(err)) {
        account__logins_end_tell(a, id, NULL, now);
        account__view_renew(a);
    }
    return err == CORE_EMISMATCH ? CORE_EBUSY : err;
}

int account_remove(struct accounts *a, const struct account_actor *by, struct core_str id,
                   void (*others)(struct store_batch *batch, struct core_str account))
{
    struct account_person person;
    int err = steer(a, by, id, &person);
    if (!err && same(person.user.role, "owner")) {
        err = CORE_EDENIED;
    }
    return err ? err : erase(a, by, &person.user, others);
}

static int owner_is_last(struct accounts *a, const struct account_actor *by)
{
    int64_t others;
    const struct store_value id = STORE_T(by->id);
    int err = store_read_i64(a->store, "SELECT count(*) FROM account WHERE id <> $1", &id, 1,
                             &others);
    return err ? err : core_str_eq_c(by->role, "owner") && others > 0 ? CORE_EMISMATCH : 0;
}

int account_leave(struct accounts *a, const struct account_actor *by, struct core_str password,
                  struct core_str totp,
                  void (*others)(struct store_batch *batch, struct core_str account),
                  struct account_why *why)
{
    struct core_str id = by->id;
    struct account_user user;
    int err = owner_is_last(a, by);
    if (!err) {
        err = account_read(a, id, &user);
    }
    if (!err) {
        err = account__password_again(a, id, password);
    }
    if (!err) {
        struct account_factor factor;
        err = account__factor_read(a, id, &factor);
        if (!err && factor.on) {
            err = account__prove(a, id, password, totp, why);
        }
        core_wipe(&factor, sizeof factor);
    }
    return err ? err : erase(a, by, &user, others);
}
