/* doctor.c: does the room work, and how to mend what does not. Blocking. */
#include "ai/model/llama_probe.h"
#include "ai/room.h"

#include "core/aside.h"
#include "core/err.h"
#include "core/limits.h"
#include "core/mem.h"
#include "core/version.h"

#include <stdio.h>

typedef void report_fn(void *arg, const char *check, bool ok, const char *detail);

static void check_model(struct ai *ai, report_fn *report, void *arg)
{
    char why[512] = "";
    if (ai->level_max < 2) {
        report(arg, "chat model", true, "switched off by level-max");
        return;
    }
    if (!ai->model) {
        snprintf(why, sizeof why,
                 "%s is missing or unreadable: %s, or name a GGUF file with --model-path; until "
                 "then questions are answered by quoting (L1)",
                 ai->options.model_path[0] ? ai->options.model_path : "the model file",
                 CORE_SETUP("run"));
        report(arg, "chat model", false, why);
        return;
    }
    const char *path = ai->options.model_path;
    int e = ai->model->ops->check(ai->model, why, sizeof why);
    if (!e) {
        e = ai_llama_probe(ai->options.program, path, NULL);
        snprintf(why, sizeof why, "%s: %s: remove it and " CORE_SETUP("run"), path,
                 core_err_text(e));
    }
    report(arg, "chat model", !e, e ? why : path);
}

/* Embeds a word, so that a corrupt file shows. */
static void check_embedder(struct ai *ai, unsigned which, report_fn *report, void *arg)
{
    bool multi = which == AI_EMBEDDER_MULTI;
    const char *name = multi ? "embedding model, other languages" : "embedding model, English";
    const char *path = multi ? ai->options.embed_multi_path : ai->options.embed_path;
    char why[512];
    struct ai_embedder *e = ai->embedders[which];
    if (!e) {
        snprintf(why, sizeof why,
                 "%s is missing or unreadable: %s, or name a GGUF file with --%s; until then %s",
                 path[0] ? path : "the model file", CORE_SETUP("run"),
                 multi ? "embed-multi-path" : "embed-path",
                 multi ? "other languages are searched by keywords and the English model"
                       : "documents are searched by keywords only");
        report(arg, name, false, why);
        return;
    }
    float vector[AI_LIMIT_DIMENSIONS];
    struct core_str word = CORE_STR("test");
    int err = ai_embedder_run(e, AI_SLOT_DOCTOR, AI_EMBED_QUERY, &word, 1, vector);
    if (err == CORE_EINVAL)
        snprintf(why, sizeof why, "%s: a model that makes vectors of %u dimensions is needed", path,
                 ai_embedder_dimensions(e));
    else if (err)
        snprintf(why, sizeof why, "%s: %s: remove it and " CORE_SETUP("run"), path,
                 core_err_text(err));
    report(arg, name, !err, err ? why : path);
}

/* Their keys; nobody is called. */
static void check_providers(struct ai *ai, report_fn *report, void *arg)
{
    struct ai_provider *all = core_alloc_array(AI_LIMIT_PROVIDERS, sizeof *all);
    size_t count = 0;
    int err = ai_providers(ai, all, &count);
    if (err)
        report(arg, "providers", false, core_err_text(err));
    for (size_t i = 0; i < count; i++) {
        char why[512], name[AI_LIMIT_PROVIDER_NAME + 16];
        ai_provider_check(&all[i], why, sizeof why);
        snprintf(name, sizeof name, "provider %s", all[i].name);
        if (all[i].enabled)
            report(arg, name, !*why, *why ? why : all[i].base_url);
    }
    free(all);
}

struct look {
    struct ai *ai;
    report_fn *report;
    void *arg;
};

static void look_now(void *arg)
{
    const struct look *l = arg;
    char why[512] = "";
    check_model(l->ai, l->report, l->arg);
    for (unsigned i = 0; i < AI_EMBEDDERS; i++)
        check_embedder(l->ai, i, l->report, l->arg);
    check_providers(l->ai, l->report, l->arg);
    int e = ai__agree(l->ai, why, sizeof why);
    l->report(l->arg, "search index", !e, e ? why : "agrees with the store");
}

/* One look at a time: the slot of the embedders is for one thread. */
void ai_doctor(struct ai *ai, report_fn *report, void *arg)
{
    struct look l = {ai, report, arg};
    core_aside_run(ai->doctor, look_now, &l);
}
