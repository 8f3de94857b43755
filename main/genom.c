/*
 * genom.c: the dictionary of a running server: opened in a moment, checked as a whole a little
 * later on a thread of its own, so that neither the start nor an answer waits for 60 MB.
 */
#include "core/err.h"
#include "core/log.h"
#include "core/mem.h"
#include "core/work.h"
#include "main/main.h"

#include <stdio.h>
#include <stdlib.h>

struct main_genom {
    struct genom_dict *dict;
    char path[MAIN_LIMIT_PATH];
    struct core_timer *timer;
    struct core_work_pool *pool;
    struct core_work check;
    struct core_loop *loop;
    int found; /* by the check */
    atomic_bool damaged, intact;
};

/* Without one the server works, and says so where it
 * is asked for GENOM; one that was given must open. */
int main_genom_open(struct core_loop *loop, const char *path, bool given, struct main_genom **ret,
                    char *why, size_t why_cap)
{
    struct genom_dict *dict = NULL;
    int err = genom_dict_open(path, &dict);
    if (err && (given || err != GENOM_ESYSTEM)) {
        snprintf(why, why_cap, "%s: %s: %s", path, genom_error_text(err),
                 given ? "correct --genom-path or leave it out"
                       : "remove it and " CORE_SETUP("genom"));
        return CORE_ECORRUPT;
    }
    if (dict) {
        genom_dict_rest(dict); /* opening reads here and there, which a server need not keep */
    }
    struct main_genom *g = core_alloc(sizeof *g);
    *g = (struct main_genom){.dict = dict, .loop = loop};
    snprintf(g->path, sizeof g->path, "%s", path);
    *ret = g;
    return 0;
}

static void check_run(struct core_work *work, unsigned worker)
{
    struct main_genom *g = (struct main_genom *)((char *)work - offsetof(struct main_genom, check));
    (void)worker;
    g->found = genom_dict_verify(g->dict);
    genom_dict_rest(g->dict);
}

static void check_done(struct core_work *work, int status)
{
    struct main_genom *g = (struct main_genom *)((char *)work - offsetof(struct main_genom, check));
    char name[GENOM_DICT_NAME];
    if (status) {
        return;
    }
    genom_dict_name(g->dict, name);
    if (g->found) {
        atomic_store(&g->damaged, true);
        core_log(CORE_LOG_ERROR, "genom.damaged", {"dictionary", CORE_LOG_C(name)},
                 {"path", CORE_LOG_C(g->path)},
                 {"remedy", CORE_LOG_C("remove it, " CORE_SETUP("genom") " and start again")});
    } else {
        atomic_store(&g->intact, true);
        core_log(CORE_LOG_INFO, "genom.intact", {"dictionary", CORE_LOG_C(name)});
    }
}

static void check_begin(void *arg)
{
    struct main_genom *g = arg;
    g->check = (struct core_work){.run = check_run, .done = check_done};
    core_work_submit(g->pool, &g->check);
}

void main_genom_check(struct main_genom *g)
{
    static const struct core_work_options options = {
        .name = "genom", .threads = 1, .queue_max = 1, .background = true};
    if (!g->dict) {
        return;
    }
    g->pool = core_work_pool_new(g->loop, &options);
    g->timer = core_timer_new(g->loop, check_begin, g);
    core_timer_start(g->timer, MAIN_LIMIT_GENOM_CHECK_MS, 0);
}

struct genom_dict *main_genom_dict(const struct main_genom *g)
{
    return g ? g->dict : NULL;
}

const atomic_bool *main_genom_damaged(const struct main_genom *g)
{
    return &g->damaged;
}

const atomic_bool *main_genom_intact(const struct main_genom *g)
{
    return &g->intact;
}

void main_genom_close(struct main_genom *g)
{
    if (!g) {
        return;
    }
    core_timer_free(g->timer);
    core_work_pool_free(g->pool);
    genom_dict_close(g->dict);
    free(g);
}
