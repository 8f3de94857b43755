/* front_spend.c: what front.c does, for keys, tiers, teams and budgets. */
#include "fuzz/front.h"

#include "core/err.h"

#include <assert.h>
#include <stdio.h>

const struct account *account_by_apikey(struct accounts *accounts, struct core_str token,
                                        struct core_pool *pool)
{
    static const struct account program = {
        .id = "owner", .name = "Owner", .role = "owner", .key = "key", .minute = ACCOUNT_UNLIMITED};
    static struct account found;
    (void)accounts, (void)pool;
    /* Its last byte says what it is for. */
    found = program;
    found.scopes = token.len > 0 ? (unsigned char)token.ptr[token.len - 1] : 0;
    return token.len % 2 ? &found : NULL;
}

const char *account_scope_name(unsigned scope)
{
    assert(scope);
    return "chat";
}

unsigned account_scope_named(struct core_str name)
{
    return core_str_eq_c(name, "chat") ? ACCOUNT_SCOPE_CHAT : 0;
}

static int apikey_end(struct core_str of, struct account_why *why)
{
    static const int ends[] = {0, CORE_EINVAL, CORE_ELIMIT, CORE_ENOTFOUND};
    if (why)
        *why = (struct account_why){"name", "must be something else"};
    return ends[of.len % (sizeof ends / sizeof *ends)];
}

static void serve_apikey(const struct account_apikey_form *form)
{
    front_serve(form->name, 0, ACCOUNT_LIMIT_NAME - 1);
    assert(form->scopes < 1u << ACCOUNT_SCOPES && form->expires_ms >= 0);
    assert(form->minute == ACCOUNT_UNLIMITED || form->minute > 0);
}

int account_apikey_new(struct accounts *accounts, const struct account *by,
                       const struct account_apikey_form *form,
                       char ret_key[static ACCOUNT_APIKEY_SIZE], char ret_id[static CORE_ID_SIZE],
                       struct account_why *why)
{
    (void)accounts;
    assert(by && !by->key);
    serve_apikey(form);
    snprintf(ret_key, ACCOUNT_APIKEY_SIZE, "sky-");
    snprintf(ret_id, CORE_ID_SIZE, "id");
    return apikey_end(form->name, why);
}

int account_apikeys(struct accounts *accounts, struct core_str account, struct core_str after,
                    int64_t limit, int (*on_key)(void *arg, const struct account_apikey_info *key),
                    void *arg)
{
    const struct account_apikey_info info = {.id = CORE_STR("id"),
                                             .account = CORE_STR("owner"),
                                             .name = CORE_STR("a \"program\""),
                                             .scopes = 1,
                                             .minute = ACCOUNT_UNLIMITED};
    (void)accounts;
    front_serve(account, 0, CORE_ID_SIZE - 1);
    front_serve(after, 0, ACCOUNT_LIMIT_NAME - 1);
    assert(limit >= 2);
    int err = on_key(arg, &info);
    return err ? err : on_key(arg, &info);
}

int account_apikey_change(struct accounts *accounts, struct core_str account, struct core_str id,
                          const struct account_apikey_form *form, struct account_why *why)
{
    (void)accounts;
    assert(account.len > 0 && id.len > 0);
    serve_apikey(form);
    return apikey_end(id, why);
}

int account_apikey_revoke(struct accounts *accounts, struct core_str account, struct core_str id)
{
    (void)accounts, (void)account;
    assert(id.len > 0);
    return apikey_end(id, NULL);
}
