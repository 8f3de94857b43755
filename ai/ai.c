/*
 * ai.c: the room put together: pools, embedders, index, model, learner, cascade; and in the other
 * order taken apart.
 */
#include "ai/cascade/cascade.h"

#include "ai/cascade/prompt.h"
#include "ai/telemetry.h"
#include "core/aside.h"
#include "core/err.h"
#include "core/log.h"
#include "core/version.h"

#include <stdio.h>
#include <stdlib.h>

/* --- Models, levels ------------------------------------------------------------------------- */

const struct ai_model_info *ai_models(const struct ai *ai, size_t *ret_count)
{
    /* Names of service classes, not of weights; `created` is when this set of names began. */
    static const struct ai_model_info models[] = {
        {"skyai", 5, 1767225600},
        {"skyai-standard", 2, 1767225600},
        {"skyai-advanced", 3, 1767225600},
        {"skyai-pro", 5, 1767225600},
    };
    (void)ai;
    *ret_count = sizeof models / sizeof *models;
    return models;
}

/* The status page may be asked thousands of times a second, the file system must not be. */
static bool model_there(struct ai *ai)
{
    uint64_t now = core_mono_ms(ai->env);
    if (now >= ai->model_checked_ms) {
        ai->model_there = ai->model && !ai->model->ops->check(ai->model, NULL, 0);
        ai->model_checked_ms = now + AI_MODEL_CHECK_MS;
    }
    return ai->model_there;
}

unsigned ai_levels(struct ai *ai)
{
    unsigned levels = 0;
    if (ai->cache)
        levels |= 1u << 0;
    if (ai->level_max >= 1)
        levels |= 1u << 1;
    if (ai->level_max >= 2 && model_there(ai))
        levels |= 1u << 2;
    if (ai->level_max >= 3 && ai->remote && ai->remote->list->choice_count)
        levels |= 1u << 3;
    return levels;
}

void ai_parts(struct ai *ai, struct ai_parts *ret)
{
    const struct core_work_pool *pools[] = {ai->ask, ai->learn, ai->embed};
    *ret = (struct ai_parts){.embedder_count = 0};
    for (unsigned i = 0; i < AI_EMBEDDERS; i++) {
        const struct ai_embedder *e = ai->embedders[i];
        if (!e)
            continue;
        size_t n = ret->embedder_count++;
        ret->embedders[n].name = ai_embedder_name(e);
        ret->embedders[n].loaded = ai_embedder_loaded(e);
        ret->embedders[n].dimensions = ai_embedder_dimensions(e);
        ret->embedders[n].chunks = (int64_t)ai_index_count(ai->index, ai_embedder_name(e));
    }
    if (ai->model) {
        ret->model = ai->model->ops->provider(ai->model);
        ret->model_there = model_there(ai);
        ret->model_loaded = !ai->model->ops->loaded || ai->model->ops->loaded(ai->model);
    }
    for (size_t i = 0; i < sizeof pools / sizeof *pools; i++) {
        ret->pools[i].name = core_work_options(pools[i])->name;
        ret->pools[i].threads = core_work_options(pools[i])->threads;
        ret->pools[i].waiting = core_work_waiting(pools[i]);
    }
}

void ai_level_why(struct ai *ai, unsigned level, char *ret, size_t cap)
{
    *ret = '\0';
    if (level == 0 && !ai->cache)
        snprintf(ret, cap, "the cache is switched off: option cache");
    else if (level > 0 && level <= 2 && ai->level_max < level)
        snprintf(ret, cap, "levels end below it: option level-max");
    else if (level == 2 && !ai->model)
        snprintf(ret, cap, "the model was not there at the start: %s, or give --model-path",
                 CORE_SETUP("run") " and start again");
    else if (level == 2)
        ai->model->ops->check(ai->model, ret, cap);
    else if (level > 2)
        snprintf(ret, cap, "no remote model is configured");
}

/* --- Upkeep: weights that nobody uses leave memory, old rows leave the store ------------------ */

static void run_upkeep(struct core_work *work, unsigned worker)
{
    struct ai_upkeep *u = (struct ai_upkeep *)work;
    (void)worker;
    for (unsigned i = 0; i < AI_EMBEDDERS; i++)
        if (u->ai->embedders[i])
            ai_embedder_reap(u->ai->embedders[i]);
    if (u->rounds++ % AI_UPKEEP_TRIM_ROUNDS == 0)
        ai_telemetry_trim(u->ai);
}

static void upkeep_done(struct core_work *work, int status)
{
    (void)status;
    ((struct ai_upkeep *)work)->running = false;
}

static void on_upkeep(void *arg)
{
    struct ai *ai = arg;
    if (ai->upkeep.running)
        return;
    ai->upkeep.running = core_work_submit(ai->ask, &ai->upkeep.work) == 0;
}

/* --- Opening -------------------------------------------------------------------------------- */

static char *copy(const char *s)
{
    return core_strdup(core_str(s));
}

static void copy_options(struct ai *ai, const struct ai_options *o)
{
    ai->options = *o;
    ai->options.data_dir = copy(o->data_dir);
    ai->options.model_path = copy(o->model_path);
    ai->options.embed_path = copy(o->embed_path);
    ai->options.embed_multi_path = copy(o->embed_multi_path);
    ai->options.program = copy(o->program);
    ai->level_max = o->level_max;
    ai->cache = o->cache;
    ai->env = o->env;
    ai->loop = o->loop;
    ai->store = o->store;
    ai->accounts = o->accounts;
}

static struct ai_embedder *open_embedder(const struct ai *ai, unsigned which)
{
    bool multi = which == AI_EMBEDDER_MULTI;
    const char *path = multi ? ai->options.embed_multi_path : ai->options.embed_path;
    if (!path[0])
        return NULL;
    struct ai_embedder_options options = {.env = ai->env,
                                          .program = ai->options.program,
                                          .path = path,
                                          .name = multi ? "e5" : "minilm",
                                          .query_prefix = multi ? "query: " : "",
                                          .passage_prefix = multi ? "passage: " : "",
                                          .dimensions = AI_EMBED_DIMENSIONS,
                                          .window_tokens = AI_EMBED_WINDOW,
                                          .slots = AI_EMBED_SLOTS,
                                          .threads = ai->options.embed_threads,
                                          .idle_s = ai->options.model_idle_s};
    struct ai_embedder *e = ai_embedder_new(&options);
    char why[256];
    if (ai_embedder_check(e, why, sizeof why) == 0)
        return e;
    if (!multi)
        core_log(CORE_LOG_WARN, "embedder.missing", {"why", CORE_LOG_C(why)});
    ai_embedder_free(e);
    return NULL;
}

static struct ai_model *open_model(const struct ai *ai)
{
    const struct ai_options *o = &ai->options;
    if (!o->model_path[0] || o->level_max < 2)
        return NULL;
    struct ai_llama_options options = {.loop = ai->loop,
                                       .program = o->program,
                                       .path = o->model_path,
                                       .threads = o->model_threads,
                                       .context_tokens = o->model_context,
                                       .slots = o->model_slots,
                                       .queue_max = AI_LIMIT_ASKS,
                                       .idle_s = o->model_idle_s};
    struct ai_model *model = ai_llama_new(&options);
    char why[256];
    if (!model || model->ops->check(model, why, sizeof why) == 0)
        return model;
    core_log(CORE_LOG_WARN, "model.missing", {"why", CORE_LOG_C(why)});
    model->ops->free(model);
    return NULL;
}

static void open_pools(struct ai *ai)
{
    static const struct core_work_options ask = {
        .name = "ask", .threads = AI_ASK_WORKERS, .queue_max = AI_LIMIT_ASKS * 2};
    static const struct core_work_options learn = {
        .name = "learn", .threads = 1, .queue_max = AI_LIMIT_ASKS, .background = true};
    static const struct core_work_options embed = {
        .name = "embed", .threads = 1, .queue_max = AI_LIMIT_ASKS, .background = true};
    ai->ask = core_work_pool_new(ai->loop, &ask);
    ai->learn = core_work_pool_new(ai->loop, &learn);
    ai->embed = core_work_pool_new(ai->loop, &embed);
}

int ai_open(const struct ai_options *options, struct ai **ret, char *why, size_t why_cap)
{
    struct ai *ai = core_alloc(sizeof *ai);
    const char *models[AI_EMBEDDERS + 1] = {NULL};
    size_t n = 0;
    copy_options(ai, options);
    ai->confident = AI_THRESHOLDS;
    for (unsigned i = 0; i < AI_EMBEDDERS; i++) {
        ai->embedders[i] = open_embedder(ai, i);
        if (ai->embedders[i])
            models[n++] = ai_embedder_name(ai->embedders[i]);
    }
    struct ai_index_options index = {.env = ai->env,
                                     .store = ai->store,
                                     .data_dir = ai->options.data_dir,
                                     .dimensions = AI_EMBED_DIMENSIONS,
                                     .models = models};
    int e = ai_index_open(&index, &ai->index, why, why_cap);
    if (e < 0)
        goto out;
    e = ai_remote_open(ai);
    if (e < 0) {
        snprintf(why, why_cap, "the providers cannot be read: %s", core_err_text(e));
        goto out;
    }
    ai->model = open_model(ai);
    e = ai__prompt_load(ai);
    if (!e)
        e = ai__price_load(ai);
    if (e < 0) {
        snprintf(why, why_cap, "the prompt cannot be read: %s: run `sky doctor`", core_err_text(e));
        goto out;
    }
    open_pools(ai);
    ai->doctor = core_aside_new();
    ai->cascade = ai_cascade_open(ai);
    ai->upkeep.ai = ai;
    ai->upkeep.work.run = run_upkeep;
    ai->upkeep.work.done = upkeep_done;
    ai->upkeep.timer = core_timer_new(ai->loop, on_upkeep, ai);
    core_timer_start(ai->upkeep.timer, AI_UPKEEP_MS, AI_UPKEEP_MS);
    e = ai_learner_new(ai, &ai->learner, why, why_cap);
out:
    if (e < 0)
        ai_free(ai);
    else
        *ret = ai;
    return e;
}

/* --- Closing -------------------------------------------------------------------------------- */

static void finish_asks(struct ai *ai)
{
    if (!ai->cascade)
        return;
    for (struct ai_ask_state *s = ai->cascade->asks, *next; s; s = next) {
        next = s->next;
        ai_ask_cancel(ai, s->ask);
    }
}

void ai_wind_down(struct ai *ai)
{
    if (ai->learner)
        ai_learner_stop(ai->learner);
    for (unsigned i = 0; i < AI_EMBEDDERS; i++)
        if (ai->embedders[i])
            ai_embedder_stop(ai->embedders[i], AI_SLOT_PASSAGES);
}

/* Nobody waits for vectors any more. */
static void stop_embedders(struct ai *ai)
{
    for (unsigned i = 0; i < AI_EMBEDDERS; i++)
        for (unsigned slot = 0; ai->embedders[i] && slot < AI_EMBED_SLOTS; slot++)
            ai_embedder_stop(ai->embedders[i], slot);
}

int ai_level_max_set(struct ai *ai, unsigned level_max)
{
    if (level_max > ai->options.level_max)
        return CORE_EUNSUPPORTED;
    ai->level_max = level_max;
    return 0;
}

void ai_cache_set(struct ai *ai, bool cache)
{
    ai->cache = cache;
}

void ai_free(struct ai *ai)
{
    if (!ai)
        return;
    core_timer_free(ai->upkeep.timer);
    ai_wind_down(ai);
    finish_asks(ai);
    stop_embedders(ai);
    core_work_pool_free(ai->ask);
    core_work_pool_free(ai->learn);
    core_work_pool_free(ai->embed);
    /* In the middle of a computation, which may be long; its answers come inside. */
    if (ai->model)
        ai->model->ops->free(ai->model);
    ai->model = NULL;
    ai_remote_close(ai);
    /* Answers that the store still owes come through the loop. */
    while (ai->trials || (ai->cascade && ai->cascade->count))
        core_loop_wait(ai->loop);
    core_aside_free(ai->doctor);
    ai_learner_free(ai->learner);
    ai_index_free(ai->index);
    for (unsigned i = 0; i < AI_EMBEDDERS; i++)
        if (ai->embedders[i])
            ai_embedder_free(ai->embedders[i]);
    ai_cascade_close(ai->cascade, ai->loop);
    free((char *)ai->options.data_dir);
    free((char *)ai->options.model_path);
    free((char *)ai->options.embed_path);
    free((char *)ai->options.embed_multi_path);
    free((char *)ai->options.program);
    free(ai);
}
