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
        *why = (struct account_why){.field = "name", .must = "must be something else"};
    return ends[of.len % (sizeof ends / sizeof *ends)];
}

static void serve_apikey(const struct account_apikey_form *form)
{
    front_serve_str(form->name, 0, ACCOUNT_LIMIT_NAME - 1);
    assert(form->scopes < 1u << ACCOUNT_SCOPES && form->expires_ms >= 0);
    assert(form->minute == ACCOUNT_UNLIMITED || form->minute > 0);
}

int account_apikey_new(struct accounts *accounts, const struct account_actor *by,
                       const struct account_apikey_form *form,
                       char ret_key[static ACCOUNT_APIKEY_SIZE], char ret_id[static CORE_ID_SIZE],
                       struct account_why *why)
{
    (void)accounts;
    assert(by->id.len > 0 && by->key.len == 0);
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
    front_serve_str(account, 0, CORE_ID_SIZE - 1);
    front_serve_str(after, 0, ACCOUNT_LIMIT_NAME - 1);
    assert(limit >= 2);
    int err = on_key(arg, &info);
    return err ? err : on_key(arg, &info);
}

int account_apikey_change(struct accounts *accounts, const struct account_actor *by,
                          struct core_str account, struct core_str id,
                          const struct account_apikey_form *form, struct account_why *why)
{
    (void)by;
    (void)accounts;
    assert(account.len > 0 && id.len > 0);
    serve_apikey(form);
    return apikey_end(id, why);
}

int account_apikey_revoke(struct accounts *accounts, const struct account_actor *by,
                          struct core_str account, struct core_str id)
{
    (void)by;
    (void)accounts, (void)account;
    assert(id.len > 0);
    return apikey_end(id, NULL);
}

/* --- Tiers, teams, budgets -------------------------------------------------------------------- */

static const struct account_tier some_tier = {.name = "free",
                                              .ask_minute = ACCOUNT_UNLIMITED,
                                              .read_minute = ACCOUNT_UNLIMITED,
                                              .write_minute = ACCOUNT_UNLIMITED,
                                              .tokens_day = ACCOUNT_UNLIMITED,
                                              .microusd_month = 5,
                                              .level_max = 4,
                                              .keys_max = 0,
                                              .body_max = ACCOUNT_UNLIMITED};

const struct account_tier *account_tier(struct accounts *accounts, const struct account *account)
{
    (void)accounts;
    assert(account);
    return &some_tier;
}

int account_tiers(struct accounts *accounts, struct core_str after, int64_t limit,
                  int (*on_tier)(void *arg, const struct account_tier *tier), void *arg)
{
    (void)accounts, (void)limit;
    front_serve_str(after, 0, ACCOUNT_LIMIT_NAME - 1);
    return on_tier(arg, &some_tier);
}

int account_granted(struct accounts *accounts, struct core_str account, struct account_granted *ret)
{
    (void)accounts;
    assert(account.len > 0);
    *ret = (struct account_granted){.tier = some_tier};
    return 0;
}

int account_tier_put(struct accounts *accounts, const struct account_actor *by,
                     const struct account_tier *tier, struct account_why *why)
{
    (void)accounts, (void)by;
    front_serve_str(core_str(tier->name), 0, 15);
    assert(tier->level_max >= 0 && tier->level_max <= 5);
    assert(tier->ask_minute == ACCOUNT_UNLIMITED || tier->ask_minute > 0);
    assert(tier->body_max == ACCOUNT_UNLIMITED || tier->body_max >= ACCOUNT_TIER_BODY_LEAST);
    return apikey_end(core_str(tier->name), why);
}

int account_tier_remove(struct accounts *accounts, const struct account_actor *by,
                        struct core_str name)
{
    (void)by;
    (void)accounts;
    return name.len == 3 ? CORE_EMISMATCH : apikey_end(name, NULL);
}

int account_teams(struct accounts *accounts, struct core_str after, int64_t limit,
                  int (*on_team)(void *arg, const struct account_team *team), void *arg)
{
    const struct account_team team = {.id = CORE_STR("id"), .name = CORE_STR("crew")};
    (void)accounts, (void)limit;
    front_serve_str(after, 0, ACCOUNT_LIMIT_NAME - 1);
    return on_team(arg, &team);
}

int account_team_members(struct accounts *accounts, struct core_str id, struct core_str after,
                         int64_t limit,
                         int (*on_member)(void *arg, const struct account_member *member),
                         void *arg)
{
    const struct account_member member = {
        .id = CORE_STR("id"), .email = CORE_STR("a@b"), .name = CORE_STR("A")};
    (void)accounts, (void)limit;
    front_serve_str(after, 0, ACCOUNT_LIMIT_NAME - 1);
    return core_str_eq_c(id, "c") ? CORE_ENOTFOUND : on_member(arg, &member);
}

int account_team_new(struct accounts *accounts, const struct account_actor *by,
                     struct core_str name, char ret_id[static CORE_ID_SIZE],
                     struct account_why *why)
{
    (void)by;
    (void)accounts;
    front_serve_str(name, 1, ACCOUNT_LIMIT_NAME - 1);
    snprintf(ret_id, CORE_ID_SIZE, "id");
    return name.len == 4 ? CORE_EEXISTS : apikey_end(name, why);
}

int account_team_rename(struct accounts *accounts, const struct account_actor *by,
                        struct core_str id, struct core_str name, struct account_why *why)
{
    (void)by;
    (void)accounts, (void)id;
    front_serve_str(name, 1, ACCOUNT_LIMIT_NAME - 1);
    return apikey_end(name, why);
}

int account_team_remove(struct accounts *accounts, const struct account_actor *by,
                        struct core_str id)
{
    (void)by;
    (void)accounts;
    return apikey_end(id, NULL);
}

int account_team_join(struct accounts *accounts, const struct account_actor *by, struct core_str id,
                      struct core_str account)
{
    (void)by;
    (void)accounts, (void)id;
    return apikey_end(account, NULL);
}

int account_team_leave(struct accounts *accounts, const struct account_actor *by,
                       struct core_str id, struct core_str account)
{
    (void)by;
    (void)accounts, (void)id;
    return apikey_end(account, NULL);
}

int account_budget_new(struct accounts *accounts, const struct account_actor *by,
                       const struct account_budget_form *form, char ret_id[static CORE_ID_SIZE],
                       struct account_why *why)
{
    (void)accounts, (void)by;
    front_serve_str(form->name, 1, ACCOUNT_LIMIT_NAME - 1);
    front_serve_str(form->kind, 1, 16);
    front_serve_str(form->subject, 0, CORE_ID_SIZE - 1);
    front_serve_str(form->unit, 1, 16);
    front_serve_str(form->period, 1, 16);
    assert(form->cap >= 0 && form->cap <= ACCOUNT_LIMIT_AMOUNT);
    assert(form->level >= ACCOUNT_LEVEL_ANY && form->level <= 5);
    snprintf(ret_id, CORE_ID_SIZE, "id");
    return apikey_end(form->name, why);
}

int account_budget_change(struct accounts *accounts, const struct account_actor *by,
                          struct core_str id, const struct account_budget_form *form,
                          struct account_why *why)
{
    (void)by;
    (void)accounts, (void)id;
    front_serve_str(form->name, 0, ACCOUNT_LIMIT_NAME - 1);
    assert(form->set_cap == (form->cap >= 0));
    return apikey_end(form->name, why);
}

int account_budget_remove(struct accounts *accounts, const struct account_actor *by,
                          struct core_str id)
{
    (void)by;
    (void)accounts;
    return apikey_end(id, NULL);
}

int account_budgets(struct accounts *accounts, struct core_str account, struct core_str after,
                    int64_t limit, int (*on_budget)(void *arg, const struct account_budget *budget),
                    void *arg)
{
    const struct account_budget budget = {.id = CORE_STR("id"),
                                          .name = CORE_STR("b"),
                                          .kind = CORE_STR("all"),
                                          .subject = CORE_STR(""),
                                          .unit = CORE_STR("money"),
                                          .period = CORE_STR("day"),
                                          .level = account.len > 0 ? 3 : ACCOUNT_LEVEL_ANY};
    (void)accounts, (void)limit;
    front_serve_str(after, 0, ACCOUNT_LIMIT_NAME - 1);
    return on_budget(arg, &budget);
}

static unsigned asked;

bool account_spend_free(struct accounts *accounts, const struct account_payer *payer, int level)
{
    (void)accounts, (void)level;
    assert(payer->account);
    return ++asked % 4 > 0;
}

int account_spend_request(struct accounts *accounts, const struct account_payer *payer,
                          struct account_broke *ret_broke)
{
    (void)accounts, (void)payer;
    *ret_broke = (struct account_broke){.budget = "b \"x\"",
                                        .unit = asked % 8 ? "money" : "requests",
                                        .period = "day",
                                        .limit = 1500000};
    return asked % 3 == 0 ? CORE_EBUDGET : asked % 3 == 1 ? CORE_ELIMIT : 0;
}
