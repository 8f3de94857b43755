/* tiers.c: tiers and teams over HTTP, for administrators. */
#include "gate/handler/spending.h"

#include <stdio.h>

struct tiers {
    struct spending base;
    struct account_tier tier;
    struct core_str name; /* of a team */
    char id[CORE_ID_SIZE];
};

/* --- Tiers ------------------------------------------------------------------------------------ */

static int on_tier(void *arg, const struct account_tier *t)
{
    struct spending *s = arg;
    if (!spending_item(s, core_str(t->name))) {
        return 1;
    }
    spending_out_tier(&s->out, t);
    core_json_out_end(&s->out);
    return 0;
}

static int list_call(struct gate_request *r, struct spending *s)
{
    return account_tiers(spending_accounts(r), s->after, s->limit + 1, on_tier, s);
}

void handle_admin_tiers(struct gate_request *r)
{
    struct spending *s = spending_new(r, sizeof *s, list_call);
    if (s) {
        s->by_name = true;
        spending_list(r, s, "tiers");
    }
}

/* What is absent or null has no limit. */
static bool tier_read(struct gate_request *r, core_json body, struct account_tier *t)
{
    struct core_str name = gate_request_param(r, "name"), level = {0};
    t->ask_minute = t->read_minute = t->write_minute = ACCOUNT_UNLIMITED;
    t->tokens_day = t->microusd_month = t->keys_max = t->body_max = ACCOUNT_UNLIMITED;
    if (name.len >= sizeof t->name) {
        field_problem(r, "name", "must have 1 to 15 of a-z, 0-9 and -");
        return false;
    }
    memcpy(t->name, name.ptr, name.len);
    return field_str(r, body, "level_max", FIELD_REQUIRED, 2, 2, &level) &&
           field_level(r, "level_max", level, &t->level_max) &&
           field_limit(r, body, "ask_per_minute", 1, ACCOUNT_LIMIT_MINUTE, &t->ask_minute, NULL) &&
           field_limit(r, body, "read_per_minute", 1, ACCOUNT_LIMIT_MINUTE, &t->read_minute,
                       NULL) &&
           field_limit(r, body, "write_per_minute", 1, ACCOUNT_LIMIT_MINUTE, &t->write_minute,
                       NULL) &&
           field_limit(r, body, "tokens_per_day", 0, ACCOUNT_LIMIT_AMOUNT, &t->tokens_day, NULL) &&
           field_limit(r, body, "microusd_per_month", 0, ACCOUNT_LIMIT_AMOUNT, &t->microusd_month,
                       NULL) &&
           field_limit(r, body, "keys", 0, ACCOUNT_LIMIT_APIKEYS, &t->keys_max, NULL) &&
           field_limit(r, body, "body_bytes", ACCOUNT_TIER_BODY_LEAST, ACCOUNT_LIMIT_AMOUNT,
                       &t->body_max, NULL);
}

static int put_call(struct gate_request *r, struct spending *s)
{
    return account_tier_put(spending_accounts(r), &s->by, &((struct tiers *)s)->tier, &s->why);
}

void handle_tier_put(struct gate_request *r)
{
    core_json body = gate_request_json(r);
    struct tiers *t = body ? spending_new(r, sizeof *t, put_call) : NULL;
    if (t && tier_read(r, body, &t->tier)) {
        spending_go(r, &t->base);
    }
}

static void go(struct gate_request *r, int (*call)(struct gate_request *r, struct spending *s))
{
    struct spending *s = spending_new(r, sizeof(struct tiers), call);
    if (s) {
        spending_go(r, s);
    }
}

static int remove_call(struct gate_request *r, struct spending *s)
{
    s->why.must = "give its accounts another tier first; `free` and `owner` always are";
    return account_tier_remove(spending_accounts(r), &s->by, gate_request_param(r, "name"));
}

void handle_tier_remove(struct gate_request *r)
{
    go(r, remove_call);
}

/* --- Teams ------------------------------------------------------------------------------------ */

static int on_team(void *arg, const struct account_team *team)
{
    struct spending *s = arg;
    if (!spending_item(s, team->id)) {
        return 1;
    }
    core_json_out_str(&s->out, "id", team->id);
    core_json_out_str(&s->out, "name", team->name);
    core_json_out_i64(&s->out, "accounts", team->accounts);
    out_time(&s->out, "created_at", team->created_ms);
    core_json_out_end(&s->out);
    return 0;
}

static int teams_call(struct gate_request *r, struct spending *s)
{
    return account_teams(spending_accounts(r), s->after, s->limit + 1, on_team, s);
}

void handle_admin_teams(struct gate_request *r)
{
    struct spending *s = spending_new(r, sizeof *s, teams_call);
    if (s) {
        spending_list(r, s, "teams");
    }
}

static int on_member(void *arg, const struct account_member *member)
{
    struct spending *s = arg;
    if (!spending_item(s, member->id)) {
        return 1;
    }
    core_json_out_str(&s->out, "id", member->id);
    core_json_out_str(&s->out, "email", member->email);
    core_json_out_str(&s->out, "name", member->name);
    core_json_out_end(&s->out);
    return 0;
}

static int members_call(struct gate_request *r, struct spending *s)
{
    return account_team_members(spending_accounts(r), gate_request_param(r, "id"), s->after,
                                s->limit + 1, on_member, s);
}

void handle_team_members(struct gate_request *r)
{
    struct spending *s = spending_new(r, sizeof *s, members_call);
    if (s) {
        spending_list(r, s, "accounts");
    }
}

static int team_new_call(struct gate_request *r, struct spending *s)
{
    struct tiers *t = (struct tiers *)s;
    return account_team_new(spending_accounts(r), &s->by, t->name, t->id, &s->why);
}

static void team_new_answer(struct gate_request *r, struct spending *s)
{
    spending_reply_id(r, ((struct tiers *)s)->id);
}

static int team_rename_call(struct gate_request *r, struct spending *s)
{
    return account_team_rename(spending_accounts(r), &s->by, gate_request_param(r, "id"),
                               ((struct tiers *)s)->name, &s->why);
}

static void team_name(struct gate_request *r,
                      int (*call)(struct gate_request *r, struct spending *s),
                      void (*answer)(struct gate_request *r, struct spending *s))
{
    core_json body = gate_request_json(r);
    struct tiers *t = body ? spending_new(r, sizeof *t, call) : NULL;
    if (t && field_str(r, body, "name", FIELD_REQUIRED, 1, ACCOUNT_LIMIT_NAME - 1, &t->name)) {
        t->base.answer = answer;
        spending_go(r, &t->base);
    }
}

void handle_team_new(struct gate_request *r)
{
    team_name(r, team_new_call, team_new_answer);
}

void handle_team_rename(struct gate_request *r)
{
    team_name(r, team_rename_call, NULL);
}

static int team_remove_call(struct gate_request *r, struct spending *s)
{
    return account_team_remove(spending_accounts(r), &s->by, gate_request_param(r, "id"));
}

static int team_join_call(struct gate_request *r, struct spending *s)
{
    return account_team_join(spending_accounts(r), &s->by, gate_request_param(r, "id"),
                             gate_request_param(r, "account"));
}

static int team_leave_call(struct gate_request *r, struct spending *s)
{
    return account_team_leave(spending_accounts(r), &s->by, gate_request_param(r, "id"),
                              gate_request_param(r, "account"));
}

void handle_team_remove(struct gate_request *r)
{
    go(r, team_remove_call);
}

void handle_team_join(struct gate_request *r)
{
    go(r, team_join_call);
}

void handle_team_leave(struct gate_request *r)
{
    go(r, team_leave_call);
}
