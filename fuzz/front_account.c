/* front_account.c: the accounts behind the front: two of
 * them, and services that check what they are handed. */
#include "fuzz/front.h"

#include "core/err.h"
#include "core/mem.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

static const struct account owner = {.id = "owner", .name = "Owner", .role = "owner", .file = true};
static const struct account browser = {.id = "owner",
                                       .name = "Owner",
                                       .role = "owner",
                                       .login = "login",
                                       .cookie = true,
                                       .file = true};
static const struct account guest = {
    .id = "01m8d4gq3h5mqx0yhzbcbsvb3q", .name = "Guest", .role = "guest", .login = "login"};

/* What is asked ends in another way each time, by how long it is. */
static int account_end(struct core_str of, struct account_tokens *ret)
{
    static const int ends[] = {0, CORE_EAUTH, CORE_EBUSY, CORE_EEXISTS, CORE_EDENIED};
    int err = ends[of.len % (sizeof ends / sizeof *ends)];
    if (err == 0) {
        *ret = (struct account_tokens){.access = "access", .refresh = "refresh"};
        snprintf(ret->user.id, sizeof ret->user.id, "owner");
    }
    return err;
}

bool account_steers(const char *role)
{
    return role[0] == 'o';
}

/* An API key ends in an 8: nobody can say whether it is right. */
bool accounts_stale(struct accounts *accounts)
{
    (void)accounts;
    struct core_str token = front_now->token;
    return token.len > 0 && token.ptr[token.len - 1] == '8';
}

const struct account *account_by_token(struct accounts *accounts, struct core_str token)
{
    (void)accounts;
    free((char *)front_now->token.ptr);
    front_now->token = core_strn(core_strdup(token), token.len); /* the request may be gone first */
    return core_str_eq_c(token, FRONT_TOKEN) ? &owner : NULL;
}

const struct account *account_by_session(struct accounts *accounts, struct core_str session,
                                         struct core_pool *pool)
{
    (void)accounts, (void)pool;
    free((char *)front_now->session.ptr);
    front_now->session = core_strn(core_strdup(session), session.len);
    return core_str_eq_c(session, FRONT_SESSION) ? &browser : NULL;
}

const struct account *account_by_code(struct accounts *accounts, struct core_str code)
{
    (void)accounts;
    return core_str_eq_c(code, "code") ? &owner : NULL;
}

void account_code_new(struct accounts *accounts, char out[static ACCOUNT_CODE_SIZE])
{
    (void)accounts;
    memset(out, 'c', ACCOUNT_CODE_SIZE - 1);
    out[ACCOUNT_CODE_SIZE - 1] = '\0';
}

int account_login_file(struct accounts *accounts, const struct account_client *client,
                       struct account_tokens *ret)
{
    (void)accounts;
    assert(client->browser);
    *ret = (struct account_tokens){.session = "session"};
    return 0;
}

bool account_proved(struct accounts *accounts, const struct account *account)
{
    (void)accounts;
    return account->file;
}

int account_step_up(struct accounts *accounts, const struct account *account,
                    struct core_str password, struct core_str totp, struct account_why *why)
{
    struct account_tokens tokens;
    (void)accounts, (void)account;
    front_serve_str(password, 0, 4096);
    front_serve_str(totp, 0, 64);
    *why = (struct account_why){.field = "totp", .must = "is required"};
    return totp.len == 0 ? CORE_EINVAL : account_end(totp, &tokens);
}

/* What those who steer ask for ends in another way each time, too. */
static int steer_end(const struct account_actor *by, struct core_str id)
{
    static const int ends[] = {0, CORE_EDENIED, CORE_ENOTFOUND, CORE_EBUSY, CORE_EINVAL};
    assert(core_str_eq_c(by->role, "owner") && id.len > 0);
    return ends[id.len % (sizeof ends / sizeof *ends)];
}

int account_people(struct accounts *accounts, struct core_str like, struct core_str after,
                   unsigned limit, int (*on_person)(void *arg, const struct account_person *person),
                   void *arg)
{
    static const struct account_person person = {.user = {.id = "id", .role = "agent"}};
    (void)accounts;
    front_serve_str(like, 0, 256);
    front_serve_str(after, 0, 64);
    assert(limit >= 2 && limit <= 1001);
    int stop = on_person(arg, &person);
    return stop ? stop : on_person(arg, &person);
}

int account_person(struct accounts *accounts, struct core_str id, struct account_person *ret)
{
    (void)accounts, (void)id;
    *ret = (struct account_person){.created_ms = 1};
    return 0;
}

int account_leave(struct accounts *accounts, const struct account_actor *by,
                  struct core_str password, struct core_str totp,
                  void (*others)(struct store_batch *batch, struct core_str account),
                  struct account_why *why)
{
    struct account_tokens tokens;
    (void)accounts, (void)by;
    assert(others);
    front_serve_str(password, 1, 4096);
    front_serve_str(totp, 0, 64);
    *why = (struct account_why){.field = "totp", .must = "is required"};
    return password.len % 7 == 6   ? CORE_EINVAL
           : password.len % 7 == 5 ? CORE_EMISMATCH
                                   : account_end(password, &tokens);
}

int account_steer(struct accounts *accounts, const struct account_actor *by, struct core_str id)
{
    (void)accounts;
    return steer_end(by, id);
}

int account_change(struct accounts *accounts, const struct account_actor *by, struct core_str id,
                   const struct account_change *change, struct account_person *ret,
                   struct account_why *why)
{
    (void)accounts;
    assert(change->disabled >= -1 && change->disabled <= 1);
    front_serve_str(change->name, 0, 1024);
    front_serve_str(change->email, 0, 1024);
    *ret = (struct account_person){.used_ms = 1};
    *why = (struct account_why){.field = "role", .must = "must be another"};
    return steer_end(by, id);
}

int account_remove(struct accounts *accounts, const struct account_actor *by, struct core_str id,
                   void (*others)(struct store_batch *batch, struct core_str account))
{
    (void)accounts;
    assert(others);
    return steer_end(by, id);
}

int account_totp_strip(struct accounts *accounts, const struct account_actor *by,
                       struct core_str id)
{
    (void)accounts;
    return steer_end(by, id);
}

int account_reset_new(struct accounts *accounts, const struct account_actor *by, struct core_str id,
                      char out[static ACCOUNT_RESET_SIZE])
{
    (void)accounts;
    snprintf(out, ACCOUNT_RESET_SIZE, "skp_");
    return steer_end(by, id);
}

int account_reset(struct accounts *accounts, struct core_str secret, struct core_str password,
                  const struct account_client *client, struct account_why *why)
{
    struct account_tokens tokens;
    (void)accounts, (void)client;
    front_serve_str(secret, 1, 256);
    front_serve_str(password, 1, 4096);
    *why = (struct account_why){.field = "password", .must = "must be something else"};
    return secret.len % 7 == 6 ? CORE_EINVAL : account_end(secret, &tokens);
}

int account_invites(struct accounts *accounts,
                    int (*on_invite)(void *arg, const struct account_invite_info *invite),
                    void *arg)
{
    static const struct account_invite_info invite = {
        .id = CORE_STR("id"), .role = CORE_STR("member"), .created_by = CORE_STR("owner")};
    (void)accounts;
    return on_invite(arg, &invite);
}

int account_invite_end(struct accounts *accounts, const struct account_actor *by,
                       struct core_str id)
{
    (void)accounts, (void)by;
    return id.len % 2 ? CORE_ENOTFOUND : 0;
}

const struct account *account_by_access(struct accounts *accounts, struct core_str token,
                                        struct core_pool *pool)
{
    (void)accounts, (void)pool;
    return core_str_eq_c(token, "guest") ? &guest : NULL;
}

unsigned account_try(struct accounts *accounts, struct core_str email, struct core_str address)
{
    (void)accounts;
    assert(address.len > 0);
    return email.len % 7 == 6 ? 3 : 0;
}

bool account_password_busy(const struct accounts *accounts)
{
    (void)accounts;
    return false;
}

void account_tried(struct accounts *accounts, struct core_str email, struct core_str address,
                   enum account_outcome outcome)
{
    (void)accounts, (void)email, (void)outcome;
    assert(address.len > 0);
}

int account_register(struct accounts *accounts, const struct account_form *form,
                     const struct account_client *client, struct account_tokens *ret,
                     struct account_why *why)
{
    (void)accounts, (void)client;
    front_serve_str(form->email, 1, 1024);
    front_serve_str(form->password, 1, 4096);
    front_serve_str(form->name, 0, 1024);
    front_serve_str(form->invite, 0, 256);
    if (form->email.len % 5 == 1) {
        *why = (struct account_why){.field = "email", .must = "must be something else"};
        return CORE_EINVAL;
    }
    return account_end(form->email, ret);
}

int account_login(struct accounts *accounts, struct core_str email, struct core_str password,
                  struct core_str totp, const struct account_client *client,
                  struct account_tokens *ret, struct account_why *why)
{
    (void)accounts, (void)client;
    front_serve_str(totp, 0, 64);
    if (email.len % 11 == 3 && totp.len == 0) {
        why->field = "totp";
        return CORE_EAUTH;
    }
    front_serve_str(email, 1, 1024);
    front_serve_str(password, 1, 4096);
    return account_end(email, ret);
}

int account_refresh(struct accounts *accounts, struct core_str refresh,
                    const struct account_client *client, struct account_tokens *ret)
{
    (void)accounts, (void)client;
    front_serve_str(refresh, 1, 256);
    return account_end(refresh, ret);
}

int account_login_end(struct accounts *accounts, struct core_str login,
                      const struct account_actor *by)
{
    (void)accounts, (void)by;
    assert(core_str_eq_c(login, "login"));
    return 0;
}

int account_logins(struct accounts *accounts, struct core_str account,
                   int (*on_login)(void *arg, const struct account_login_info *login), void *arg)
{
    const struct account_login_info info = {.id = CORE_STR("login"),
                                            .agent = CORE_STR("agent"),
                                            .address = CORE_STR("127.0.0.1"),
                                            .created_ms = 1,
                                            .used_ms = 2};
    (void)accounts;
    assert(account.len > 0);
    return on_login(arg, &info);
}

int account_login_revoke(struct accounts *accounts, struct core_str account, struct core_str login,
                         const struct account_actor *by)
{
    (void)accounts, (void)by;
    assert(account.len > 0 && login.len > 0);
    return login.len % 2 ? CORE_ENOTFOUND : 0;
}

int account_password_change(struct accounts *accounts, struct core_str account, struct core_str old,
                            struct core_str password, const char *keep,
                            const struct account_actor *by, struct account_why *why)
{
    struct account_tokens tokens;
    (void)accounts, (void)keep, (void)by;
    assert(account.len > 0);
    front_serve_str(old, 1, 4096);
    front_serve_str(password, 1, 4096);
    *why = (struct account_why){.field = "password", .must = "must be something else"};
    return password.len % 7 == 6 ? CORE_EINVAL : account_end(password, &tokens);
}

int account_totp_begin(struct accounts *accounts, struct core_str account, struct account_totp *ret)
{
    (void)accounts;
    assert(account.len > 0);
    *ret = (struct account_totp){.secret = "secret", .uri = "otpauth://"};
    return 0;
}

int account_totp_confirm(struct accounts *accounts, struct core_str account, struct core_str code,
                         const struct account_actor *by,
                         char ret_codes[static ACCOUNT_RECOVERY_CODES][ACCOUNT_RECOVERY_SIZE])
{
    struct account_tokens tokens;
    (void)accounts, (void)account, (void)by;
    front_serve_str(code, 1, 64);
    for (unsigned i = 0; i < ACCOUNT_RECOVERY_CODES; i++)
        snprintf(ret_codes[i], ACCOUNT_RECOVERY_SIZE, "code");
    return account_end(code, &tokens);
}

int account_totp_remove(struct accounts *accounts, struct core_str account, struct core_str code,
                        const struct account_actor *by)
{
    struct account_tokens tokens;
    (void)accounts, (void)account, (void)by;
    front_serve_str(code, 1, 64);
    return code.len == 1 ? CORE_ENOTFOUND : account_end(code, &tokens);
}

int account_read(struct accounts *accounts, struct core_str id, struct account_user *ret)
{
    (void)accounts, (void)ret;
    assert(id.len > 0);
    return CORE_ENOTFOUND;
}

int account_invite(struct accounts *accounts, const struct account_actor *by, struct core_str role,
                   char out[static ACCOUNT_INVITE_SIZE])
{
    (void)accounts;
    assert(core_str_eq_c(by->id, "owner"));
    front_serve_str(role, 1, 16);
    snprintf(out, ACCOUNT_INVITE_SIZE, "ski_");
    return core_str_eq_c(role, "member")  ? 0
           : core_str_eq_c(role, "guest") ? CORE_ELIMIT
                                          : CORE_EINVAL;
}
