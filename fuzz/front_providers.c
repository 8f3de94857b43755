/* front_providers.c: what the handlers of providers call, instead of ai/. */
#include "ai/ai.h"
#include "core/limits.h"
#include "fuzz/front.h"

#include <assert.h>
#include <stdio.h>

int ai_providers(struct ai *ai, struct ai_provider *ret, size_t *ret_count)
{
    (void)ai;
    *ret_count = ai_provider_read(ai, CORE_STR("c"), ret) == 0;
    return 0;
}

int ai_provider_read(struct ai *ai, struct core_str id, struct ai_provider *ret)
{
    (void)ai;
    if (!core_str_eq_c(id, "c"))
        return CORE_ENOTFOUND;
    *ret = (struct ai_provider){.id = "c",
                                .name = "mock",
                                .base_url = "http://h/v1",
                                .key = "env:KEY",
                                .enabled = true,
                                .models = {{.name = "m", .level = 3, .output_max = 9}},
                                .model_count = 1};
    return 0;
}

int ai_provider_save(struct ai *ai, const struct account_actor *by, struct ai_provider *p,
                     const char **ret_field, const char **ret_must)
{
    (void)ai, (void)by;
    front_served();
    assert(core_utf8_valid(core_str(p->name)) && core_utf8_valid(core_str(p->base_url)) &&
           core_utf8_valid(core_str(p->key)) && p->model_count <= AI_LIMIT_PROVIDER_MODELS);
    assert(p->first_ms <= AI_LIMIT_PROVIDER_MS && p->calls_max <= AI_LIMIT_ASKS);
    for (size_t i = 0; i < p->model_count; i++)
        assert(p->models[i].name[0] && p->models[i].level == 3 && p->models[i].price_in >= 0 &&
               p->models[i].price_in <= AI_LIMIT_PRICE);
    if (p->model_count)
        return p->rank == 7 ? CORE_EEXISTS : 0;
    *ret_field = "models";
    *ret_must = "must hold a model";
    return CORE_EINVAL;
}

int ai_provider_remove(struct ai *ai, const struct account_actor *by, struct core_str id)
{
    (void)ai, (void)by;
    return core_str_eq_c(id, "c") ? 0 : CORE_ENOTFOUND;
}

void ai_provider_check(const struct ai_provider *p, char *why, size_t why_cap)
{
    snprintf(why, why_cap, "%s", p->key[0] ? "env:KEY: it is not there" : "");
}

const char *ai_provider_state(const struct ai *ai, const char *id)
{
    (void)ai, (void)id;
    return "closed";
}

/* One at a time; answered in the next turn. */
static struct {
    struct core_post post;
    struct ai_provider_test *test;
    bool cancelled;
} trial;

static void end(struct core_post *post)
{
    (void)post;
    trial.test->on_done(trial.test, trial.cancelled ? CORE_ECANCELLED : CORE_EBUSY, 503);
}

int ai_provider_test_start(struct ai *ai, struct ai_provider_test *test)
{
    (void)ai;
    if (!core_str_eq_c(test->id, "c"))
        return CORE_ENOTFOUND;
    trial.test = test;
    trial.cancelled = false;
    trial.post.fn = end;
    front_later(&trial.post);
    return 0;
}

void ai_provider_test_cancel(struct ai *ai, struct ai_provider_test *test)
{
    (void)ai;
    trial.cancelled |= trial.test == test;
}
