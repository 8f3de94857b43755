/*
 * learn.c: learning as the loop sees it: jobs start, are asked about, are cancelled; one runs at a
 * time, the others wait in the queue of the pool.
 */
#include "ai/learn/learn.h"

#include "ai/learn/walk.h"
#include "core/err.h"
#include "core/log.h"
#include "core/mem.h"

#include <stdio.h>
#include <stdlib.h>

void ai__job_free(struct ai_learn_job *job)
{
    for (size_t i = 0; i < job->root_count; i++)
        free(job->roots[i]);
    free(job->roots);
    free(job->name);
    free(job->bytes);
    for (size_t i = 0; i < AI_LIMIT_JOB_ERRORS; i++) {
        free(job->errors[i].document);
        free(job->errors[i].error);
    }
    free(job);
}

/* --- Reports -------------------------------------------------------------------------------- */

static void on_report(struct core_post *post)
{
    struct ai_learn_job *job = (struct ai_learn_job *)((char *)post -
                                                       offsetof(struct ai_learn_job, report));
    unsigned before = job->shown.added + job->shown.updated;
    if (!job->done)
        job->shown = job->reported;
    atomic_store(&job->busy, false);
    if (job->shown.added + job->shown.updated != before)
        ai__embed_kick(job->learner);
}

void ai__learn_report(struct ai_learn_job *job)
{
    if (atomic_exchange(&job->busy, true))
        return;
    job->reported = job->live;
    job->report = (struct core_post){.fn = on_report};
    core_box_post(&job->learner->box, &job->report);
}

/* --- Jobs ----------------------------------------------------------------------------------- */

static void on_job_done(struct core_work *work, int status)
{
    struct ai_learn_job *job = (struct ai_learn_job *)work;
    struct ai_learner *learner = job->learner;
    if (status != 0) { /* it never ran */
        job->live.state = AI_JOB_CANCELLED;
        job->live.phase = "finished";
    }
    job->shown = job->live;
    job->done = true;
    learner->open_jobs--;
    /* The bytes of an upload are not needed any more. */
    learner->upload_bytes -= job->len;
    free(job->bytes);
    job->bytes = NULL;
    const struct ai_job *s = &job->shown;
    bool stopping = atomic_load(&learner->stopping);
    ai__job_settle(job, stopping && s->state == AI_JOB_CANCELLED && !job->unwanted);
    if (!stopping)
        core_log(CORE_LOG_INFO, "learn.done", {"job", CORE_LOG_C(s->id)},
                 {"files", CORE_LOG_I(s->files_done)}, {"added", CORE_LOG_I(s->added)},
                 {"updated", CORE_LOG_I(s->updated)}, {"removed", CORE_LOG_I(s->removed)},
                 {"failed", CORE_LOG_I(s->failed)});
    ai__embed_kick(learner);
}

/* Finished jobs beyond AI_LIMIT_JOBS_KEPT are forgotten, oldest first. */
static void forget_old(struct ai_learner *learner)
{
    unsigned kept = 0;
    for (struct ai_learn_job **at = &learner->jobs; *at;) {
        struct ai_learn_job *job = *at;
        if (job->done && !atomic_load(&job->busy) && ++kept > AI_LIMIT_JOBS_KEPT) {
            *at = job->next;
            ai__job_free(job);
        } else {
            at = &job->next;
        }
    }
}

struct ai_learn_job *ai__job_new(struct ai_learner *learner)
{
    struct ai_learn_job *job = core_alloc(sizeof *job);
    job->learner = learner;
    core_id_new(learner->ai->env, job->live.id);
    job->live.state = AI_JOB_RUNNING;
    job->live.phase = "waiting";
    job->live.begun_ms = core_wall_ms(learner->ai->env);
    job->live.errors = job->errors;
    job->work.run = ai__learn_run;
    job->work.done = on_job_done;
    return job;
}

static void show(struct ai_learn_job *job)
{
    job->live.what = job->name ? job->name : job->roots[0];
    job->live.whats = job->name ? 1 : (unsigned)job->root_count;
    job->live.forgets = job->forgets;
    job->shown = job->live;
}

static void keep(struct ai_learn_job *job)
{
    job->next = job->learner->jobs;
    job->learner->jobs = job;
    forget_old(job->learner);
}

int ai__job_submit(struct ai_learn_job *job)
{
    struct ai_learner *learner = job->learner;
    int status = learner->open_jobs >= AI_LIMIT_JOBS ? CORE_ELIMIT : 0;
    show(job); /* from the submission on, live is the pool's */
    if (status == 0)
        status = core_work_submit(learner->ai->learn, &job->work);
    if (status != 0) {
        ai__job_free(job);
        return status;
    }
    learner->open_jobs++;
    learner->upload_bytes += job->len;
    keep(job);
    return 0;
}

void ai__job_give_up(struct ai_learn_job *job, const char *why)
{
    struct ai_job_error *e = &job->errors[0];
    e->document = core_strdup(core_str(job->name ? job->name : job->roots[0]));
    e->error = core_strdup(core_str(why));
    job->live.failed = 1;
    job->live.error_count = 1;
    job->live.state = AI_JOB_FAILED;
    job->live.phase = "finished";
    job->done = true;
    show(job);
    keep(job);
}

/* Submits a job that the caller of the room wants, and names it. */
static int begin(struct ai_learn_job *job, char ret_job[static CORE_ID_SIZE])
{
    char id[CORE_ID_SIZE];
    memcpy(id, job->live.id, sizeof id);
    int status = ai__job_submit(job);
    if (status != 0)
        return status;
    ai__job_note(job);
    memcpy(ret_job, id, sizeof id);
    return 0;
}

int ai_learn_paths(struct ai *ai, const struct core_str *paths, size_t count,
                   char ret_job[static CORE_ID_SIZE])
{
    int status = 0;
    if (count == 0)
        return CORE_EINVAL;
    if (count > AI_LIMIT_LEARN_ROOTS)
        return CORE_ETOOBIG;
    struct ai_learn_job *job = ai__job_new(ai->learner);
    job->roots = core_alloc_array(count, sizeof *job->roots);
    for (size_t i = 0; i < count && status == 0; i++) {
        status = ai_walk_normalise(paths[i], &job->roots[i]);
        job->root_count += status == 0;
    }
    if (status != 0) {
        ai__job_free(job);
        return status;
    }
    return begin(job, ret_job);
}

int ai_forget_source(struct ai *ai, struct core_str root, char ret_job[static CORE_ID_SIZE])
{
    struct ai_learn_job *job = ai__job_new(ai->learner);
    job->roots = core_alloc_array(1, sizeof *job->roots);
    job->roots[job->root_count++] = core_strdup(root);
    job->forgets = true;
    return begin(job, ret_job);
}

/* "upload:" and the last part of the name, without control characters. */
static int upload_name(struct core_str name, char **ret)
{
    struct core_buf out;
    if (!core_utf8_valid(name))
        return CORE_EUTF8;
    for (size_t i = name.len; i > 0; i--) {
        if (name.ptr[i - 1] == '/' || name.ptr[i - 1] == '\\') {
            name = core_strn(name.ptr + i, name.len - i);
            break;
        }
    }
    core_buf_init(&out, AI_LIMIT_NAME);
    core_buf_add_c(&out, "upload:");
    size_t before = out.len;
    for (size_t i = 0; i < name.len; i++) {
        if ((unsigned char)name.ptr[i] >= 0x20 && name.ptr[i] != 0x7F)
            core_buf_add_byte(&out, name.ptr[i]);
    }
    int status = core_buf_error(&out);
    if (status == 0 && out.len == before)
        status = CORE_EINVAL;
    if (status == 0)
        *ret = core_buf_take(&out, NULL);
    core_buf_done(&out);
    return status;
}

int ai_learn_bytes(struct ai *ai, struct core_str name, struct core_str bytes,
                   char ret_job[static CORE_ID_SIZE])
{
    if (bytes.len > AI_LIMIT_DOCUMENT_BYTES)
        return CORE_ETOOBIG;
    if (bytes.len > AI_LIMIT_JOBS_BYTES - ai->learner->upload_bytes)
        return CORE_ELIMIT; /* before it is copied */
    struct ai_learn_job *job = ai__job_new(ai->learner);
    int status = upload_name(name, &job->name);
    if (status == 0) {
        job->bytes = core_try_alloc(bytes.len + 1);
        job->len = bytes.len;
        status = job->bytes ? 0 : CORE_ENOMEM;
    }
    if (status != 0) {
        ai__job_free(job);
        return status;
    }
    if (bytes.len > 0)
        memcpy(job->bytes, bytes.ptr, bytes.len);
    return begin(job, ret_job);
}

static struct ai_learn_job *job_find(const struct ai *ai, struct core_str id)
{
    struct ai_learn_job *job = ai->learner->jobs;
    while (job && !core_str_eq_c(id, job->shown.id))
        job = job->next;
    return job;
}

int ai_job_get(struct ai *ai, struct core_str id, const struct ai_job **ret)
{
    struct ai_learn_job *job = job_find(ai, id);
    if (!job)
        return CORE_ENOTFOUND;
    *ret = &job->shown;
    return 0;
}

int ai_job_cancel(struct ai *ai, struct core_str id)
{
    struct ai_learn_job *job = job_find(ai, id);
    if (!job)
        return CORE_ENOTFOUND;
    if (!job->done) {
        job->unwanted = true;
        core_work_cancel(&job->work);
    }
    return 0;
}

void ai_jobs(const struct ai *ai, void (*on_job)(void *arg, const struct ai_job *job), void *arg)
{
    for (const struct ai_learn_job *job = ai->learner->jobs; job; job = job->next)
        on_job(arg, &job->shown);
}

void ai_knowledge_now(const struct ai *ai, struct ai_knowledge *ret)
{
    const struct ai_learner *learner = ai->learner;
    struct ai_knowledge now = {.documents = atomic_load(&learner->documents),
                               .chunks = atomic_load(&learner->chunks),
                               .vectors = atomic_load(&learner->vectors),
                               .learning = learner->open_jobs > 0,
                               .rate_s = (double)atomic_load(&learner->embedding.rate) / 1000.0};
    /* The two counts are not of one moment. */
    now.vectors = now.vectors > now.chunks ? now.chunks : now.vectors;
    now.vectors_pending = ai__embed_model(ai) ? now.chunks - now.vectors : 0;
    if (ai->embedders[AI_EMBEDDER_ENGLISH] && ai->embedders[AI_EMBEDDER_MULTI]) {
        int64_t seconds = atomic_load(&learner->seconds);
        now.second_pending = seconds > now.chunks ? 0 : now.chunks - seconds;
    }
    now.eta_s = now.rate_s > 0 ? (double)now.vectors_pending / now.rate_s : 0;
    *ret = now;
}

/* --- Life ----------------------------------------------------------------------------------- */

int ai_learner_new(struct ai *ai, struct ai_learner **ret, char *why, size_t why_cap)
{
    struct ai_learner *learner = core_alloc(sizeof *learner);
    int64_t last = 0;
    learner->ai = ai;
    int status = ai__learn_count(learner);
    if (status == 0)
        status = store_read_i64(ai->store, "SELECT COALESCE(MAX(id), 0) FROM chunk", NULL, 0,
                                &last);
    if (status != 0) {
        snprintf(why, why_cap, "the knowledge in the store cannot be read: %s",
                 core_err_text(status));
        free(learner);
        return status;
    }
    learner->next_chunk_id = last + 1;
    core_box_init(&learner->box, ai->loop);
    learner->extractor = ai_extractor_new(ai->env, ai->options.program);
    *ret = learner;
    ai__embed_open(learner);
    ai__jobs_resume(learner);
    return 0;
}

void ai_learner_stop(struct ai_learner *learner)
{
    atomic_store(&learner->stopping, true);
    for (struct ai_learn_job *job = learner->jobs; job; job = job->next) {
        if (!job->done)
            core_work_cancel(&job->work);
    }
    ai__embed_close(learner);
}

void ai_learner_free(struct ai_learner *learner)
{
    if (!learner)
        return;
    core_box_done(&learner->box);
    ai_extractor_free(learner->extractor);
    for (unsigned which = 0; which < AI_EMBEDDERS; which++)
        ai_learn_queue_clear(&learner->embedding.queue[which]);
    while (learner->jobs) {
        struct ai_learn_job *next = learner->jobs->next;
        ai__job_free(learner->jobs);
        learner->jobs = next;
    }
    free(learner);
}
