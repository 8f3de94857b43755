/* remote.c: the list of providers, their turns, their prices and how their calls went. */
#include "ai/cascade/remote.h"

#include "ai/cascade/ask_remote.h"
#include "ai/model/openai.h"
#include "ai/text/text.h"
#include "core/err.h"
#include "core/log.h"
#include "core/metrics.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

/* --- Lists ------------------------------------------------------------------------------------ */

static void provider_unref(struct ai_remote_provider *p)
{
    if (--p->refs)
        return;
    for (size_t i = 0; i < p->data.model_count; i++)
        p->models[i]->ops->free(p->models[i]);
    free(p);
}

struct ai_remote_list *ai_remote_ref(struct ai *ai)
{
    struct ai_remote_list *list = ai->remote ? ai->remote->list : NULL;
    if (list)
        list->refs++;
    return list;
}

void ai_remote_unref(struct ai_remote_list *list)
{
    if (!list || --list->refs)
        return;
    for (size_t i = 0; i < list->provider_count; i++)
        provider_unref(list->providers[i]);
    free(list);
}

/* The same one as before when nothing of it changed: its breaker and its calls are still true. */
static struct ai_remote_provider *find(const struct ai_remote_list *list,
                                       const struct ai_provider *data)
{
    for (size_t i = 0; list && i < list->provider_count; i++)
        if (!memcmp(&list->providers[i]->data, data, sizeof *data))
            return list->providers[i];
    return NULL;
}

static struct ai_remote_provider *make(struct ai_remote *remote, const struct ai_provider *data)
{
    struct ai_remote_provider *p = core_alloc(sizeof *p);
    p->data = *data;
    for (size_t i = 0; i < data->model_count; i++) {
        const struct ai_openai_options options = {.fetch = remote->fetch,
                                                  .provider = p->data.name,
                                                  .base_url = p->data.base_url,
                                                  .key = p->data.key,
                                                  .model = p->data.models[i].name,
                                                  .first_ms = p->data.first_ms,
                                                  .whole_ms = p->data.whole_ms};
        p->models[i] = ai_openai_new(&options);
    }
    return p;
}

static void show(struct ai_remote *remote, const struct ai_provider *all, size_t count)
{
    struct ai_remote_list *old = remote->list, *list = core_alloc(sizeof *list);
    list->refs = 1;
    for (size_t i = 0; i < count; i++) {
        struct ai_remote_provider *p = find(old, &all[i]);
        if (!p)
            p = make(remote, &all[i]);
        p->refs++;
        list->providers[list->provider_count++] = p;
        for (unsigned m = 0; all[i].enabled && m < all[i].model_count; m++)
            if (all[i].models[m].level == 3)
                list->choices[list->choice_count++] = (struct ai_remote_choice){.provider = p,
                                                                                .model = m};
    }
    remote->list = list;
    ai_remote_unref(old);
}

/* --- Reading again ---------------------------------------------------------------------------- */

struct news {
    struct core_post post; /* first */
    struct ai *ai;
    unsigned number;
    size_t count;
    struct ai_provider all[AI_LIMIT_PROVIDERS];
};

static void on_news(struct core_post *post)
{
    struct news *n = (struct news *)post;
    struct ai_remote *remote = n->ai->remote;
    /* Reads may overtake each other; one that began later saw no less. */
    if ((int)(n->number - remote->shown) > 0) {
        remote->shown = n->number;
        show(remote, n->all, n->count);
        ask_remote_wake(n->ai, NULL);
    }
    free(n);
}

int ai_remote_reload(struct ai *ai)
{
    struct news *n = core_alloc(sizeof *n);
    n->ai = ai;
    n->number = atomic_fetch_add(&ai->remote->reads, 1) + 1;
    n->post.fn = on_news;
    int err = ai_providers(ai, n->all, &n->count);
    if (err)
        free(n);
    else
        core_box_post(&ai->remote->box, &n->post);
    return err;
}

int ai_remote_open(struct ai *ai)
{
    struct ai_provider *all = core_alloc_array(AI_LIMIT_PROVIDERS, sizeof *all);
    struct ai_remote *remote = core_alloc(sizeof *remote);
    size_t count = 0;
    int err = ai_providers(ai, all, &count);
    remote->fetch = core_fetch_loop_new(ai->loop);
    remote->waiting_end = &remote->waiting;
    core_box_init(&remote->box, ai->loop);
    ai->remote = remote;
    if (!err)
        show(remote, all, count);
    free(all);
    return err;
}

void ai_remote_close(struct ai *ai)
{
    struct ai_remote *remote = ai->remote;
    if (!remote)
        return;
    core_box_done(&remote->box);
    core_fetch_loop_free(remote->fetch);
    ai_remote_unref(remote->list);
    ai->remote = NULL;
    free(remote);
}

/* --- Costs ------------------------------------------------------------------------------------ */

unsigned ai_remote_output(const struct ai_remote_choice *c, const struct ai_message *messages,
                          size_t count, unsigned wanted)
{
    const struct ai_provider_model *m = ai_remote_model(c);
    unsigned output = wanted && wanted < m->output_max ? wanted : m->output_max;
    size_t in = 0;
    if (!m->context)
        return output;
    for (size_t i = 0; i < count && in < m->context; i++)
        in += ai_text_tokens(messages[i].text) + AI_REMOTE_MESSAGE_TOKENS;
    if (in >= m->context)
        return 0;
    return m->context - in < output ? m->context - (unsigned)in : output;
}

int64_t ai_remote_price(const struct ai_provider_model *m, int64_t tokens_in, int64_t tokens_out)
{
    /* At most 1e8 tokens at 1e9: far below what fits. */
    return (tokens_in * m->price_in + tokens_out * m->price_out + 999999) / 1000000;
}

struct account_cost ai_remote_worst(const struct ai_remote_choice *c,
                                    const struct ai_message *messages, size_t count,
                                    unsigned output)
{
    int64_t in = 0;
    for (size_t i = 0; i < count; i++)
        in += (int64_t)messages[i].text.len + AI_REMOTE_MESSAGE_TOKENS;
    return (struct account_cost){.microusd = ai_remote_price(ai_remote_model(c), in, output),
                                 .tokens = in + output};
}

/* The most tokens that were written, where nobody tells. */
static unsigned written(const struct ai_provider *p, const struct ai_generate *call,
                        size_t received, int status)
{
    uint64_t most = call->tokens_max;
    if (!status)
        most = received;
    else if (status == CORE_ECANCELLED && !call->whole && p->stop_tokens != ACCOUNT_UNLIMITED)
        most = received + (uint64_t)p->stop_tokens;
    return most < call->tokens_max ? (unsigned)most : call->tokens_max;
}

struct account_cost ai_remote_bill(const struct ai_remote_choice *c, const struct ai_generate *call,
                                   size_t received, int status, const struct ai_usage *usage)
{
    const struct ai_provider_model *m = ai_remote_model(c);
    if (usage->final) {
        int64_t in = usage->tokens_in, out = usage->tokens_out;
        return (struct account_cost){.microusd = ai_remote_price(m, in, out), .tokens = in + out};
    }
    bool refused = usage->http && usage->http != 200;
    if (!usage->sent || refused)
        return (struct account_cost){0};
    return ai_remote_worst(c, call->messages, call->message_count,
                           written(&c->provider->data, call, received, status));
}

/* --- Turns ------------------------------------------------------------------------------------ */

enum ai_remote_ready ai_remote_ready(struct ai *ai, const struct ai_remote_choice *c)
{
    struct ai_remote_provider *p = c->provider;
    uint64_t now = core_mono_ms(ai->env);
    if (now < p->not_before_ms || !ai_breaker_ready(&p->breaker, now))
        return AI_REMOTE_AWAY;
    return p->running < p->data.calls_max ? AI_REMOTE_READY : AI_REMOTE_FULL;
}

bool ai_remote_room(struct ai *ai, const struct ai_remote_choice *ended)
{
    const struct ai_remote_list *list = ai->remote->list;
    bool full = false;
    if (ended && ai_remote_ready(ai, ended) == AI_REMOTE_READY)
        return true;
    for (size_t i = 0; i < list->choice_count; i++) {
        enum ai_remote_ready ready = ai_remote_ready(ai, &list->choices[i]);
        if (ready == AI_REMOTE_READY)
            return true;
        full = full || ready == AI_REMOTE_FULL;
    }
    return !full; /* who waits for nobody gives up */
}

void ai_remote_begin(struct ai *ai, const struct ai_remote_choice *c)
{
    ai_breaker_begin(&c->provider->breaker, core_mono_ms(ai->env));
    c->provider->running++;
}

bool ai_remote_again(int status)
{
    return status == CORE_ENET || status == CORE_EBUSY || status == CORE_ELIMIT;
}

static enum ai_remote_outcome outcome(int status)
{
    switch (status) {
    case 0:
        return AI_REMOTE_OK;
    case CORE_ECANCELLED:
        return AI_REMOTE_CANCELLED;
    case CORE_ETIMEOUT:
        return AI_REMOTE_TIMEOUT;
    case CORE_ELIMIT:
        return AI_REMOTE_LIMITED;
    case CORE_EINVAL:
    case CORE_ETOOBIG:
        return AI_REMOTE_REFUSED;
    default:
        return AI_REMOTE_FAILED;
    }
}

static struct core_metric *calls_of(struct ai_remote_provider *p, enum ai_remote_outcome outcome)
{
    static const char *const names[AI_REMOTE_OUTCOMES] = {
        [AI_REMOTE_OK] = "ok",           [AI_REMOTE_CANCELLED] = "cancelled",
        [AI_REMOTE_TIMEOUT] = "timeout", [AI_REMOTE_LIMITED] = "limited",
        [AI_REMOTE_REFUSED] = "refused", [AI_REMOTE_FAILED] = "failed"};
    char labels[2 * AI_LIMIT_PROVIDER_NAME];
    if (!p->calls[outcome]) {
        snprintf(labels, sizeof labels, "provider=\"%s\",outcome=\"%s\"", p->data.name,
                 names[outcome]);
        p->calls[outcome] = core_counter("sky_ai_provider_calls_total", labels,
                                         "Calls of remote models.");
    }
    return p->calls[outcome];
}

static struct core_metric *first_of(struct ai_remote_provider *p)
{
    char labels[2 * AI_LIMIT_PROVIDER_NAME];
    if (!p->first) {
        snprintf(labels, sizeof labels, "provider=\"%s\"", p->data.name);
        p->first = core_histogram("sky_ai_provider_first_token_seconds", labels,
                                  "Time from a call to its first text.");
    }
    return p->first;
}

static void judge(struct ai_remote_provider *p, int status, uint64_t now)
{
    switch (status) {
    case 0:
        ai_breaker_passed(&p->breaker);
        break;
    case CORE_ECANCELLED:
    case CORE_EINVAL: /* of what was asked, not of who was asked */
    case CORE_ETOOBIG:
    case CORE_ELIMIT: /* it works, and has enough to do */
        ai_breaker_dropped(&p->breaker);
        break;
    default:
        ai_breaker_failed(&p->breaker, now);
    }
}

void ai_remote_end(struct ai *ai, const struct ai_remote_choice *c, int status,
                   const struct ai_usage *usage, int64_t first_ms)
{
    struct ai_remote_provider *p = c->provider;
    uint64_t now = core_mono_ms(ai->env);
    enum ai_breaker_state before = p->breaker.state;
    assert(p->running > 0);
    p->running--;
    judge(p, status, now);
    if (status == CORE_ELIMIT) {
        int64_t wait_s = usage && usage->retry_after_s > 0 ? usage->retry_after_s : 1;
        p->not_before_ms = now + (uint64_t)(wait_s < 3600 ? wait_s : 3600) * 1000;
    }
    core_metric_add(calls_of(p, outcome(status)), 1);
    if (first_ms >= 0)
        core_metric_observe(first_of(p), (double)first_ms / 1000);
    if (status && status != CORE_ECANCELLED)
        core_log(CORE_LOG_WARN, "provider.call", {"provider", CORE_LOG_C(p->data.name)},
                 {"error", CORE_LOG_C(core_err_name(status))},
                 {"why", CORE_LOG_C(usage && usage->why ? usage->why : core_err_text(status))},
                 {"http", CORE_LOG_I(usage ? usage->http : 0)});
    if (p->breaker.state != before)
        core_log(CORE_LOG_WARN, "provider.breaker", {"provider", CORE_LOG_C(p->data.name)},
                 {"state", CORE_LOG_C(ai_provider_state(ai, p->data.id))});
    ask_remote_wake(ai, c);
}

const char *ai_provider_state(const struct ai *ai, const char *id)
{
    static const char *const names[] = {[AI_BREAKER_CLOSED] = "closed",
                                        [AI_BREAKER_OPEN] = "open",
                                        [AI_BREAKER_HALF] = "half-open"};
    const struct ai_remote_list *list = ai->remote ? ai->remote->list : NULL;
    for (size_t i = 0; list && i < list->provider_count; i++)
        if (!strcmp(list->providers[i]->data.id, id))
            return list->providers[i]->data.enabled ? names[list->providers[i]->breaker.state]
                                                    : "off";
    return "off";
}
