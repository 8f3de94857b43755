/* front_panels.c: what front.c does, for the panels AI, System, People. */
#include "fuzz/front.h"

#include "ai/ai.h"
#include "core/err.h"

#include <assert.h>
#include <stdio.h>

/* --- Sprints ---------------------------------------------------------------------------------- */

static int plan_end(struct core_str of, struct account_why *why)
{
    static const int ends[] = {0, CORE_EINVAL, CORE_EMISMATCH, CORE_ENOTFOUND, CORE_ELIMIT};
    if (why)
        *why = (struct account_why){.field = "name", .must = "must be something else"};
    return ends[of.len % (sizeof ends / sizeof *ends)];
}

static void optional(struct core_str s, size_t max)
{
    if (s.ptr)
        front_serve_str(s, 0, max);
}

static void serve_sprint_form(const struct account_sprint_form *form)
{
    optional(form->name, 512);
    optional(form->goal, 4096);
    optional(form->starts_on, 10);
    optional(form->ends_on, 10);
}

static void serve_item_form(const struct account_item_form *form)
{
    optional(form->title, 512);
    optional(form->status, 16);
    optional(form->assignee, 512);
    optional(form->starts_on, 10);
    optional(form->ends_on, 10);
    optional(form->before, CORE_ID_SIZE - 1);
}

static const struct account_sprint sprint = {.id = CORE_STR("s"),
                                             .name = CORE_STR("One"),
                                             .goal = CORE_STR(""),
                                             .starts_on = CORE_STR("2026-01-31"),
                                             .ends_on = CORE_STR(""),
                                             .version = 1,
                                             .changed_ms = 1,
                                             .items = 2,
                                             .done = 1};
static const struct account_sprint_item item = {.id = CORE_STR("i"),
                                                .sprint = CORE_STR("s"),
                                                .title = CORE_STR("Do it"),
                                                .assignee = CORE_STR(""),
                                                .starts_on = CORE_STR(""),
                                                .ends_on = CORE_STR(""),
                                                .status = CORE_STR("doing"),
                                                .version = 1,
                                                .changed_ms = 1};

int account_sprints(struct accounts *a, struct core_str after, unsigned limit,
                    int (*on_sprint)(void *arg, const struct account_sprint *sprint), void *arg)
{
    (void)a;
    front_serve_str(after, 0, CORE_ID_SIZE - 1);
    assert(limit >= 2 && limit <= GATE_LIMIT_PAGE + 1);
    int stop = 0;
    for (unsigned i = 0; i < 3 && i < limit && !stop; i++)
        stop = on_sprint(arg, &sprint);
    return 0;
}

int account_sprint_read(struct accounts *a, struct core_str id,
                        int (*on_sprint)(void *arg, const struct account_sprint *sprint), void *arg)
{
    (void)a;
    front_serve_str(id, 1, SIZE_MAX);
    return id.len % 2 ? CORE_ENOTFOUND : on_sprint(arg, &sprint);
}

int account_sprint_items(struct accounts *a, struct core_str of,
                         int (*on_item)(void *arg, const struct account_sprint_item *item),
                         void *arg)
{
    (void)a, (void)of;
    return on_item(arg, &item);
}

int account_sprint_add(struct accounts *a, const struct account_sprint_form *form,
                       char ret_id[static CORE_ID_SIZE], struct account_why *why)
{
    (void)a;
    serve_sprint_form(form);
    snprintf(ret_id, CORE_ID_SIZE, "s1");
    return plan_end(form->name, why);
}

int account_sprint_change(struct accounts *a, struct core_str id, int64_t version,
                          const struct account_sprint_form *form, struct account_why *why)
{
    (void)a, (void)id;
    assert(version >= 1);
    serve_sprint_form(form);
    return plan_end(form->goal, why);
}

int account_sprint_remove(struct accounts *a, struct core_str id, int64_t version)
{
    (void)a;
    assert(version >= 1);
    return plan_end(id, NULL) == CORE_EINVAL ? 0 : plan_end(id, NULL);
}

int account_item_read(struct accounts *a, struct core_str id,
                      int (*on_item)(void *arg, const struct account_sprint_item *item), void *arg)
{
    (void)a, (void)id;
    return on_item(arg, &item);
}

int account_item_add(struct accounts *a, struct core_str of, const struct account_item_form *form,
                     char ret_id[static CORE_ID_SIZE], struct account_why *why)
{
    (void)a;
    front_serve_str(of, 1, CORE_ID_SIZE - 1);
    serve_item_form(form);
    snprintf(ret_id, CORE_ID_SIZE, "i");
    return plan_end(form->title, why);
}

int account_item_change(struct accounts *a, struct core_str id, int64_t version,
                        const struct account_item_form *form, struct account_why *why)
{
    (void)a, (void)id;
    assert(version >= 1);
    serve_item_form(form);
    return plan_end(form->title, why);
}

int account_item_remove(struct accounts *a, struct core_str id, int64_t version)
{
    return account_sprint_remove(a, id, version);
}

/* --- Costs ------------------------------------------------------------------------------------ */

int account_costs_import(struct accounts *a, const struct account *by, struct core_str name,
                         struct core_str csv, char ret_id[static CORE_ID_SIZE],
                         struct account_cost_why *why)
{
    (void)a, (void)by;
    front_serve_str(name, 0, GATE_LIMIT_TITLE);
    snprintf(ret_id, CORE_ID_SIZE, "i");
    snprintf(why->text, sizeof why->text, "line 1: it is not right");
    return plan_end(csv, NULL) == CORE_ENOTFOUND ? CORE_ETOOBIG : plan_end(csv, NULL);
}

int account_costs_undo(struct accounts *a, struct core_str id)
{
    (void)a;
    return id.len % 3 == 0 ? 0 : id.len % 3 == 1 ? CORE_EMISMATCH : CORE_ENOTFOUND;
}

int account_cost_imports(struct accounts *a, struct core_str id, unsigned limit,
                         int (*on_import)(void *arg, const struct account_cost_import *import),
                         void *arg)
{
    static const struct account_cost_import import = {.id = CORE_STR("i"),
                                                      .name = CORE_STR("a.csv"),
                                                      .by = CORE_STR("owner"),
                                                      .first_on = CORE_STR("2026-01-01"),
                                                      .last_on = CORE_STR("2026-01-31"),
                                                      .at_ms = 1,
                                                      .rows = 3,
                                                      .newest = true};
    (void)a, (void)id;
    assert(limit >= 1 && limit <= GATE_LIMIT_PAGE);
    return on_import(arg, &import);
}

int account_costs(struct accounts *a, struct core_str from, const struct account_cost_row *after,
                  unsigned limit, int (*on_row)(void *arg, const struct account_cost_row *row),
                  void *arg)
{
    static const struct account_cost_row row = {CORE_STR("2026-01-31"), CORE_STR("S3"),
                                                CORE_STR("USD"), -5};
    (void)a;
    front_serve_str(from, 10, 10);
    front_serve_str(after->day, 0, SIZE_MAX);
    front_serve_str(after->service, 0, SIZE_MAX);
    front_serve_str(after->currency, 0, SIZE_MAX);
    assert(limit >= 2 && limit <= GATE_LIMIT_COSTS + 1);
    int stop = 0;
    for (unsigned i = 0; i < 3 && i < limit && !stop; i++)
        stop = on_row(arg, &row);
    return 0;
}

/* --- ai --------------------------------------------------------------------------------------- */

int ai_usage(struct ai *ai, int64_t from_ms, enum ai_usage_by by, unsigned limit,
             int (*on_row)(void *arg, const struct ai_usage_row *row), void *arg)
{
    static const struct ai_usage_row row = {CORE_STR("owner"), 3, 2, 1, 9, 9, 5, 10, 20};
    (void)ai, (void)from_ms;
    assert(by <= AI_USAGE_LEVEL && limit >= 1 && limit <= GATE_LIMIT_PAGE);
    return on_row(arg, &row);
}

int ai_votes_down(struct ai *ai, struct core_str before, unsigned limit,
                  int (*on_vote)(void *arg, const struct ai_vote *vote), void *arg)
{
    static const struct ai_vote votes[] = {{.id = CORE_STR("m"),
                                            .question = CORE_STR("Why?"),
                                            .answer = CORE_STR("So."),
                                            .owner = CORE_STR("owner"),
                                            .receipt_json = CORE_STR("{\"level\":\"L1\"}"),
                                            .cache_id = CORE_STR("c")},
                                           {.id = CORE_STR("n"),
                                            .question = CORE_STR(""),
                                            .answer = CORE_STR(""),
                                            .owner = CORE_STR("owner")}};
    (void)ai;
    front_serve_str(before, 0, CORE_ID_SIZE - 1);
    assert(limit >= 2 && limit <= GATE_LIMIT_PAGE + 1);
    int stop = on_vote(arg, &votes[0]);
    return stop ? 0 : on_vote(arg, &votes[1]) < 0;
}

void ai_level_why(struct ai *ai, unsigned level, char *ret, size_t cap)
{
    (void)ai;
    snprintf(ret, cap, "%u is not there", level);
}

int ai_cache_remove(struct ai *ai, struct core_str id)
{
    (void)ai;
    front_serve_str(id, 1, SIZE_MAX);
    return id.len % 2 ? CORE_ENOTFOUND : 0;
}

void ai_prompt_now(const struct ai *ai, struct ai_prompt *ret)
{
    (void)ai;
    *ret = (struct ai_prompt){.version = 1, .text = "Be brief."};
}

void ai_prompt_apply(struct ai *ai, const struct ai_prompt *prompt)
{
    (void)ai;
    assert(prompt->version == 2);
}

const char *ai_prompt_wrong(struct core_str text)
{
    return text.len % 7 == 3 ? "must be something else" : NULL;
}

static int prompt_end(int64_t base, struct ai_prompt *ret)
{
    *ret = (struct ai_prompt){.version = 2, .text = "Be brief."};
    return base % 3 == 0 ? 0 : base % 3 == 1 ? CORE_EMISMATCH : CORE_ENOTFOUND;
}

int ai_prompt_save(struct ai *ai, const struct account_actor *by, struct core_str text,
                   struct core_str note, int64_t base, struct ai_prompt *ret)
{
    (void)ai, (void)by;
    front_serve_str(text, 1, AI_LIMIT_PROMPT);
    front_serve_str(note, 0, AI_LIMIT_PROMPT_NOTE);
    return prompt_end(base, ret);
}

int ai_prompt_restore(struct ai *ai, const struct account_actor *by, int64_t version, int64_t base,
                      struct ai_prompt *ret)
{
    (void)ai, (void)by;
    assert(version >= 0);
    return prompt_end(base, ret);
}

int ai_prompt_versions(struct ai *ai, int64_t before, unsigned limit,
                       int (*on_version)(void *arg, const struct ai_prompt_version *version),
                       void *arg)
{
    static const struct ai_prompt_version versions[] = {
        {2, 5, CORE_STR("Be brief."), CORE_STR("shorter"), CORE_STR("owner")},
        {0, 0, CORE_STR("Be right."), CORE_STR(""), CORE_STR("")}};
    (void)ai;
    assert(before >= 0 && limit >= 2 && limit <= GATE_LIMIT_PAGE + 1);
    int stop = on_version(arg, &versions[0]);
    return stop ? 0 : on_version(arg, &versions[1]) < 0;
}

int ai_prices(struct ai *ai, int (*on_price)(void *arg, const struct ai_price *price), void *arg)
{
    static const struct ai_price price = {CORE_STR("local:m"), 1, 2, true};
    (void)ai;
    return on_price(arg, &price);
}

int ai_price_set(struct ai *ai, const struct account_actor *by, const struct ai_price *price)
{
    (void)ai, (void)by;
    front_serve_str(price->model, 1, 128);
    assert(price->in_microusd >= 0 && price->out_microusd >= 0);
    return plan_end(price->model, NULL) == CORE_ENOTFOUND ? 0 : plan_end(price->model, NULL);
}

void ai_price_apply(struct ai *ai, const struct ai_price *price)
{
    (void)ai, (void)price;
}
