/* front_admin.c: of the services that front.h speaks of, those that tell of the server itself. */
#include "ai/ai.h"
#include "bus/identity.h"
#include "core/err.h"
#include "core/limits.h"
#include "fuzz/front.h"
#include "node/node.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

void ai_jobs(const struct ai *ai, void (*on_job)(void *arg, const struct ai_job *job), void *arg)
{
    const struct ai_job *job = NULL;
    (void)ai;
    ai_job_get(NULL, CORE_STR("j"), &job);
    on_job(arg, job);
}

int ai_forget_source(struct ai *ai, struct core_str root, char ret_job[static CORE_ID_SIZE])
{
    (void)ai;
    front_serve_str(root, 1, SIZE_MAX);
    snprintf(ret_job, CORE_ID_SIZE, "j");
    return 0;
}

int ai_sources(struct ai *ai, struct core_str after, unsigned limit,
               int (*on_source)(void *arg, const struct ai_source_info *source), void *arg)
{
    static const struct ai_source_info source = {"s", CORE_STR("/a"), 1, 9, 1700000000000, false};
    (void)ai;
    front_serve_str(after, 0, GATE_LIMIT_QUERY_TEXT);
    assert(limit >= 2 && limit <= GATE_LIMIT_PAGE + 1);
    int stop = 0;
    for (unsigned i = 0; i < 3 && i < limit && !stop; i++)
        stop = on_source(arg, &source);
    return stop;
}

int ai_source_find(struct ai *ai, struct core_str id, struct core_buf *root)
{
    (void)ai;
    front_serve_str(id, 1, SIZE_MAX);
    if (id.len % 3 == 0)
        return CORE_ENOTFOUND;
    return core_buf_add_c(root, id.len % 3 == 1 ? "/a" : "upload:");
}

void ai_recent(const struct ai *ai, unsigned level, struct ai_recent *ret)
{
    (void)ai;
    *ret = (struct ai_recent){.answers = level, .p50_ms = -1, .p95_ms = 3};
}

void ai_parts(struct ai *ai, struct ai_parts *ret)
{
    (void)ai;
    *ret = (struct ai_parts){.embedders = {{"minilm", true, 384, 1}},
                             .embedder_count = 1,
                             .model = "local",
                             .pools = {{"ask", 2, 0}, {"learn", 1, 1}, {"embed", 1, 0}}};
}

int ai_report(struct ai *ai, int64_t now_ms, int64_t step_ms, unsigned buckets,
              struct ai_report *ret)
{
    (void)ai;
    *ret = (struct ai_report){.from_ms = now_ms, .step_ms = step_ms, .buckets = buckets};
    ret->cells[1][0].answered = ret->totals[1].answered = 1;
    return 0;
}

int bus_identity_days(const struct bus_identity *identity)
{
    (void)identity;
    return 5;
}

size_t node_list(const struct node *node, struct node_info *ret, size_t cap)
{
    (void)node;
    assert(cap >= 1);
    *ret = (struct node_info){
        .number = 1, .class_ = "S", .role = "hub", .state = "online", .host = "here"};
    return 1;
}

struct core_str bus_identity_public(const struct bus_identity *identity)
{
    static const char key[32];
    (void)identity;
    return core_strn(key, sizeof key);
}

void bus_identity_fingerprint(const struct bus_identity *identity, unsigned char out[static 32])
{
    (void)identity;
    memset(out, 1, 32);
}
