/*
 * resume.c: jobs outlive the server. What waits or runs stands in the table `job`, a row for
 * each path; whatever a start finds there goes on under its old id. Nothing of how far it came is
 * kept: the job compares again (run.c).
 *
 * The bytes of an upload were in memory alone: its job is shown as failed, and so is one that was
 * begun so often that it may be what ends the server.
 */
#include "ai/learn/learn.h"

#include "core/err.h"
#include "core/log.h"
#include "core/mem.h"

#include <stdlib.h>

/* Written in stores. */
enum kind { LEARN = 0, FORGET = 1, UPLOAD = 2 };

static enum kind kind_of(const struct ai_learn_job *job)
{
    return job->name ? UPLOAD : job->forgets ? FORGET : LEARN;
}

/* Nobody waits for these: a store that is away then finds an older state, which costs a job that
 * compares in vain, or is not resumed. */
static void write_batch(struct ai_learner *learner, struct store_batch *batch)
{
    store_write(learner->ai->store, batch, NULL, NULL);
}

void ai__job_note(const struct ai_learn_job *job)
{
    struct store_batch *batch = store_batch_new(STORE_RELAXED);
    size_t count = job->name ? 1 : job->root_count;
    for (size_t i = 0; i < count; i++)
        store_put(batch, 1,
                  "INSERT INTO job (id, place, kind, what, begun_ms, starts)"
                  " VALUES ($1, $2, $3, $4, $5, 0)",
                  STORE_C(job->shown.id), STORE_I((int64_t)i), STORE_I(kind_of(job)),
                  STORE_C(job->name ? job->name : job->roots[i]), STORE_I(job->shown.begun_ms));
    write_batch(job->learner, batch);
}

void ai__job_settle(const struct ai_learn_job *job, bool goes_on)
{
    struct store_batch *batch = store_batch_new(STORE_RELAXED);
    if (goes_on)
        /* It ended in order, which says nothing against the job. */
        store_put(batch, STORE_ROWS_ANY, "UPDATE job SET starts = 0 WHERE id = $1",
                  STORE_C(job->shown.id));
    else
        store_put(batch, STORE_ROWS_ANY, "DELETE FROM job WHERE id = $1", STORE_C(job->shown.id));
    write_batch(job->learner, batch);
}

/* --- After a start -------------------------------------------------------------------------- */

struct found {
    struct ai_learner *learner;
    struct ai_learn_job *jobs; /* newest first */
    size_t cap;                /* of the newest one's paths */
};

static int add_what(struct found *found, enum kind kind, struct core_str what)
{
    struct ai_learn_job *job = found->jobs;
    if (kind == UPLOAD) {
        free(job->name);
        job->name = core_strdup(what);
        return 0;
    }
    void *array = job->roots;
    int status = core_grow(&array, &found->cap, job->root_count, sizeof *job->roots,
                           AI_LIMIT_LEARN_ROOTS);
    job->roots = array;
    if (status == 0)
        job->roots[job->root_count++] = core_strdup(what);
    return status;
}

static int on_row(void *arg, const struct store_row *row)
{
    struct found *found = arg;
    struct core_str id = store_row_str(row, 0);
    enum kind kind = (enum kind)store_row_i64(row, 1);
    if (id.len != CORE_ID_SIZE - 1)
        return CORE_ECORRUPT;
    if (!found->jobs || !core_str_eq_c(id, found->jobs->live.id)) {
        struct ai_learn_job *job = ai__job_new(found->learner);
        memcpy(job->live.id, id.ptr, id.len);
        job->live.begun_ms = store_row_i64(row, 3);
        job->starts = (unsigned)store_row_i64(row, 4) + 1;
        job->forgets = kind == FORGET;
        job->next = found->jobs;
        found->jobs = job;
        found->cap = 0;
    }
    return add_what(found, kind, store_row_str(row, 2));
}

static void go_on(struct ai_learn_job *job)
{
    struct ai_learner *learner = job->learner;
    struct store_batch *batch = store_batch_new(STORE_RELAXED);
    const char *why = job->name ? "the server ended before this was read; please upload it again"
                      : job->starts > AI_LIMIT_JOB_STARTS
                          ? "the server ended each time while this was read; please try it again"
                          : NULL;
    core_log(CORE_LOG_INFO, "learn.resumed", {"job", CORE_LOG_C(job->live.id)},
             {"starts", CORE_LOG_I(job->starts)}, {"given_up", CORE_LOG_C(why ? why : "")});
    if (why)
        store_put(batch, STORE_ROWS_ANY, "DELETE FROM job WHERE id = $1", STORE_C(job->live.id));
    else
        store_put(batch, STORE_ROWS_ANY, "UPDATE job SET starts = starts + 1 WHERE id = $1",
                  STORE_C(job->live.id));
    write_batch(learner, batch);
    if (why)
        ai__job_give_up(job, why);
    else
        ai__job_submit(job); /* there is room: there are no more than there were */
}

void ai__jobs_resume(struct ai_learner *learner)
{
    struct found found = {.learner = learner};
    struct ai_learn_job *oldest = NULL;
    int status = store_read(learner->ai->store,
                            "SELECT id, kind, what, begun_ms, starts FROM job"
                            " ORDER BY begun_ms, id, place",
                            NULL, 0, on_row, &found);
    while (found.jobs) {
        struct ai_learn_job *next = found.jobs->next;
        found.jobs->next = oldest;
        oldest = found.jobs;
        found.jobs = next;
    }
    while (oldest) {
        struct ai_learn_job *next = oldest->next;
        if (status == 0)
            go_on(oldest);
        else
            ai__job_free(oldest);
        oldest = next;
    }
    if (status != 0)
        core_log(CORE_LOG_WARN, "learn.resume", {"error", CORE_LOG_C(core_err_text(status))});
}
