/* budgets.c: budgets over HTTP: administrators make and change them, everybody sees their own.
 * Money is in microusd. */
#include "gate/handler/spending.h"

#include <stdio.h>

struct budgets {
    struct spending base;
    struct account_budget_form form;
    struct core_str account; /* empty: all there are */
    char id[CORE_ID_SIZE];
};

/* --- Lists ------------------------------------------------------------------------------------ */

static int on_budget(void *arg, const struct account_budget *b)
{
    struct spending *s = arg;
    char level[3] = {'L', (char)('0' + b->level), '\0'};
    if (!spending_item(s, b->id)) {
        return 1;
    }
    core_json_out_str(&s->out, "id", b->id);
    core_json_out_str(&s->out, "name", b->name);
    core_json_out_str(&s->out, "kind", b->kind);
    core_json_out_str(&s->out, "subject", b->subject);
    core_json_out_c(&s->out, "level", b->level == ACCOUNT_LEVEL_ANY ? NULL : level);
    core_json_out_str(&s->out, "unit", b->unit);
    core_json_out_str(&s->out, "period", b->period);
    core_json_out_i64(&s->out, "limit", b->cap);
    core_json_out_i64(&s->out, "spent", b->spent);
    core_json_out_i64(&s->out, "reserved", b->reserved);
    out_time(&s->out, "resets_at", b->resets_ms);
    out_time(&s->out, "created_at", b->created_ms);
    core_json_out_end(&s->out);
    return 0;
}

static int list_call(struct gate_request *r, struct spending *s)
{
    return account_budgets(spending_accounts(r), ((struct budgets *)s)->account, s->after,
                           s->limit + 1, on_budget, s);
}

/* What the tier grants, and what of it is used. */
static int more_tier(struct gate_request *r, struct spending *s)
{
    struct account_granted g;
    int err = account_granted(spending_accounts(r), ((struct budgets *)s)->account, &g);
    if (err) {
        return err;
    }
    core_json_out_object(&s->out, "tier");
    spending_out_tier(&s->out, &g.tier);
    core_json_out_i64(&s->out, "tokens_used", g.tokens_used);
    core_json_out_i64(&s->out, "microusd_used", g.microusd_used);
    out_time(&s->out, "day_resets_at", g.day_ends_ms);
    out_time(&s->out, "month_resets_at", g.month_ends_ms);
    core_json_out_end(&s->out);
    return 0;
}

void handle_budgets(struct gate_request *r)
{
    struct budgets *b = spending_new(r, sizeof *b, list_call);
    if (b) {
        b->base.more = more_tier;
        b->account = core_str(gate_request_account(r)->id);
        spending_list(r, &b->base, "budgets");
    }
}

void handle_admin_budgets(struct gate_request *r)
{
    struct budgets *b = spending_new(r, sizeof *b, list_call);
    if (b) {
        spending_list(r, &b->base, "budgets");
    }
}

/* --- Making ----------------------------------------------------------------------------------- */

static bool form_read(struct gate_request *r, core_json body, struct account_budget_form *form)
{
    struct core_str level = {0};
    form->kind = CORE_STR("all");
    form->level = ACCOUNT_LEVEL_ANY;
    if (!field_str(r, body, "name", FIELD_REQUIRED, 1, ACCOUNT_LIMIT_NAME - 1, &form->name) ||
        !field_str(r, body, "kind", FIELD_OPTIONAL, 1, 16, &form->kind) ||
        !field_str(r, body, "subject", FIELD_OPTIONAL, 0, CORE_ID_SIZE - 1, &form->subject) ||
        !field_str(r, body, "unit", FIELD_REQUIRED, 1, 16, &form->unit) ||
        !field_str(r, body, "period", FIELD_REQUIRED, 1, 16, &form->period) ||
        !field_str(r, body, "level", FIELD_OPTIONAL, 2, 2, &level) ||
        !field_int(r, body, "limit", FIELD_REQUIRED, 0, ACCOUNT_LIMIT_AMOUNT, &form->cap)) {
        return false;
    }
    return !level.ptr || field_level(r, "level", level, &form->level);
}

static int new_call(struct gate_request *r, struct spending *s)
{
    struct budgets *b = (struct budgets *)s;
    return account_budget_new(spending_accounts(r), &s->by, &b->form, b->id, &s->why);
}

static void new_answer(struct gate_request *r, struct spending *s)
{
    spending_reply_id(r, ((struct budgets *)s)->id);
}

void handle_budget_new(struct gate_request *r)
{
    core_json body = gate_request_json(r);
    struct budgets *b = body ? spending_new(r, sizeof *b, new_call) : NULL;
    if (b && form_read(r, body, &b->form)) {
        b->base.answer = new_answer;
        spending_go(r, &b->base);
    }
}

/* --- Changing --------------------------------------------------------------------------------- */

static int change_call(struct gate_request *r, struct spending *s)
{
    return account_budget_change(spending_accounts(r), &s->by, gate_request_param(r, "id"),
                                 &((struct budgets *)s)->form, &s->why);
}

void handle_budget_change(struct gate_request *r)
{
    core_json body = gate_request_json(r);
    struct budgets *b = body ? spending_new(r, sizeof *b, change_call) : NULL;
    if (!b) {
        return;
    }
    b->form.cap = -1;
    if (field_str(r, body, "name", FIELD_OPTIONAL, 1, ACCOUNT_LIMIT_NAME - 1, &b->form.name) &&
        field_int(r, body, "limit", FIELD_OPTIONAL, 0, ACCOUNT_LIMIT_AMOUNT, &b->form.cap)) {
        b->form.set_name = b->form.name.len > 0;
        b->form.set_cap = b->form.cap >= 0;
        spending_go(r, &b->base);
    }
}

static int remove_call(struct gate_request *r, struct spending *s)
{
    return account_budget_remove(spending_accounts(r), &s->by, gate_request_param(r, "id"));
}

void handle_budget_remove(struct gate_request *r)
{
    struct spending *s = spending_new(r, sizeof *s, remove_call);
    if (s) {
        spending_go(r, s);
    }
}
