/*
 * run.c: one job of learning, on its pool thread.
 *
 * The files below a root and the documents known below it are two lists sorted by name; walking
 * both at once tells what is new, what may have changed (size or time differ), and what is gone. Of
 * the changed ones the hash of the bytes decides; bytes that are known already, under whatever
 * name, are not read again. What is to be written collects in a batch. The run keeps no state of
 * its own in the store: after a crash the next run finds what is missing by comparing again.
 *
 * A database that goes away for a while does not end the run: it waits, and then does again what
 * was not acknowledged, one document after the other.
 */
#include "ai/learn/run.h"

#include "core/err.h"
#include "core/mem.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* A batch that another writer overtook is built again so often. */
#define ATTEMPTS 3
/* Between two looks at a store that is away: who cancels the run waits no longer. */
#define LOOK_MS 100

struct root {
    char *path;
    struct ai_walk walk;
    struct ai_learn_known_list known;
    bool broken; /* it could not be listed */
};

bool learn_run_keep_on(void *arg)
{
    struct learn_run *r = arg;
    return !atomic_load(&r->learner->stopping) && !core_work_cancelled(&r->job->work);
}

/* --- Reporting ------------------------------------------------------------------------------ */

static void report(struct learn_run *r, bool now)
{
    struct ai_job *live = &r->job->live;
    uint64_t ms = core_mono_ms(r->ai->env);
    if (!now && ms - r->reported_ms < AI_LIMIT_LEARN_REPORT_MS)
        return;
    double elapsed_s = (double)(ms - r->started_ms) / 1000.0;
    live->rate_files_s = elapsed_s > 0 ? live->files_done / elapsed_s : 0;
    live->eta_s = live->rate_files_s > 0
                      ? (live->files_total - live->files_done) / live->rate_files_s
                      : 0;
    r->reported_ms = ms;
    ai__learn_report(r->job);
}

static void fail(struct learn_run *r, const char *document, int code, const char *why)
{
    struct ai_job *live = &r->job->live;
    live->failed++;
    if (live->error_count >= AI_LIMIT_JOB_ERRORS)
        return;
    struct ai_job_error *e = &r->job->errors[live->error_count];
    e->document = core_strdup(core_str(document));
    e->error = core_strdup(core_str(why && why[0] ? why : core_err_text(code)));
    live->error_count++;
}

static void count(struct learn_run *r, unsigned outcome)
{
    struct ai_job *live = &r->job->live;
    live->added += (outcome & LEARN_ADDED) != 0;
    live->updated += (outcome & LEARN_UPDATED) != 0;
    live->unchanged += (outcome & LEARN_UNCHANGED) != 0;
    live->duplicates += (outcome & LEARN_DUPLICATE) != 0;
    live->removed += (outcome & LEARN_REMOVED) != 0;
}

/* --- A store that is away ------------------------------------------------------------------- */

/* Codes that pass: a database is started again, replaced by its standby, or full of others. A disk
 * of our own that is full or broken is another matter: somebody has to see the run fail. */
static bool is_away(const struct learn_run *r, int status)
{
    bool served = strcmp(store_engine(r->ai->store), "postgresql") == 0;
    return status == CORE_EAWAY || status == CORE_ETIMEOUT ||
           (served && (status == CORE_EREADONLY || status == CORE_EBUSY));
}

static void wait_begins(struct learn_run *r, int why)
{
    struct ai_job *live = &r->job->live;
    if (!live->waiting) {
        r->away_ms = core_mono_ms(r->ai->env);
        r->tries = 0;
        r->phase = live->phase;
        live->phase = "waiting";
    }
    live->waiting = core_err_text(why);
}

static void wait_ends(struct learn_run *r)
{
    struct ai_job *live = &r->job->live;
    if (live->waiting)
        live->phase = r->phase;
    live->waiting = NULL;
}

static bool is_back(const struct learn_run *r)
{
    int64_t n;
    return store_health(r->ai->store) == 0 &&
           store_read_i64(r->ai->store, "SELECT COUNT(*) FROM setting", NULL, 0, &n) == 0;
}

/* Asked after each use of the store: true when it was away, is back, and is to be used again the
 * same way. One that is lost whenever it is back is lost by what we do with it. */
static bool again(struct learn_run *r, int *status)
{
    if (!is_away(r, *status)) {
        wait_ends(r);
        return false;
    }
    wait_begins(r, *status);
    r->tries += *status == CORE_EBUSY ? 1 : AI_LIMIT_LEARN_BUSY;
    do {
        report(r, false);
        usleep(LOOK_MS * 1000);
        if (!learn_run_keep_on(r))
            *status = CORE_ECANCELLED;
        if (*status == CORE_ECANCELLED || r->tries > AI_LIMIT_LEARN_TRIES * AI_LIMIT_LEARN_BUSY ||
            core_mono_ms(r->ai->env) - r->away_ms >= AI_LIMIT_LEARN_AWAY_MS)
            return false;
    } while (!is_back(r));
    return true;
}

/* What the store knows of a file or a folder and all below it, which a file may have been once, or
 * of all that came from a source. */
static int read_known(struct learn_run *r, const char *name, struct ai_learn_known_list *ret)
{
    int status;
    do {
        ai__learn_known_done(ret);
        status = r->job->forgets ? ai__learn_known_of(r->ai, core_str(name), ret)
                                 : ai__learn_known_one(r->ai, core_str(name), ret);
        if (status == 0 && !r->job->forgets && name[0] == '/')
            status = ai__learn_known_below(r->ai, name, ret);
    } while (again(r, &status));
    return status;
}

/* --- Writing -------------------------------------------------------------------------------- */

static int put_pending(struct learn_run *r, const struct learn_pending *p);

static bool overtaken(int status)
{
    return status == CORE_EMISMATCH || status == CORE_EEXISTS;
}

/* Brings in one document and writes it, as often as it takes. */
static int put_alone(struct learn_run *r, const struct learn_pending *wanted)
{
    struct learn_pending p = *wanted;
    unsigned attempt = 0;
    int status;
    do {
        ai__learn_batch_done(&r->batch);
        r->batch.keeps_none = r->job->live.waiting != NULL;
        r->pending_count = 0;
        status = put_pending(r, &p);
        if (r->pending_count > 0 && r->pending[0].outcome == LEARN_FAILED)
            p.outcome = LEARN_FAILED; /* which was told */
        if (status == 0)
            status = ai__learn_write(&r->batch);
    } while (again(r, &status) || (overtaken(status) && ++attempt < ATTEMPTS));
    if (status == 0 && r->pending_count > 0)
        count(r, r->pending[0].outcome);
    ai__learn_batch_done(&r->batch);
    r->pending_count = 0;
    report(r, false);
    return status;
}

/* What was pending goes one by one, and then `last`, which may be NULL. */
static int put_apart(struct learn_run *r, const struct learn_pending *last)
{
    struct learn_pending all[AI_LIMIT_LEARN_BATCH + 1];
    size_t n = r->pending_count;
    int status = 0;
    memcpy(all, r->pending, n * sizeof *all);
    if (last)
        all[n++] = *last;
    for (size_t i = 0; i < n && status == 0; i++)
        status = put_alone(r, &all[i]);
    return status;
}

/* Writes the batch. When another writer overtook it, or
 * the store was away, its documents go one by one. */
static int flush(struct learn_run *r)
{
    int status = ai__learn_write(&r->batch);
    if (is_away(r, status) || overtaken(status))
        return put_apart(r, NULL);
    for (size_t i = 0; i < r->pending_count && status == 0; i++)
        count(r, r->pending[i].outcome);
    r->pending_count = 0;
    report(r, false);
    return status;
}

static void remember(struct learn_run *r, const struct learn_pending *p, unsigned outcome)
{
    assert(r->pending_count < AI_LIMIT_LEARN_BATCH);
    r->pending[r->pending_count] = *p;
    r->pending[r->pending_count++].outcome = outcome;
}

/* A known document whose file is gone, or holds nothing readable any more. */
static int put_gone(struct learn_run *r, const struct learn_pending *p, unsigned outcome)
{
    int status = ai__learn_put_gone(&r->batch, p->known);
    if (status == 0)
        remember(r, p, outcome);
    return status;
}

static int put_file(struct learn_run *r, const struct learn_pending *p)
{
    const struct ai_walk_file *f = p->file;
    struct ai_learn_document d = {.name = core_str(f->path),
                                  .root = core_str(p->root),
                                  .bytes = f->bytes,
                                  .mtime_ms = f->mtime_ms,
                                  .known = p->known};
    unsigned outcome = 0;
    int status = learn_run_read(r, f->path);
    if (status != 0) { /* what was learned of it stays */
        fail(r, f->path, status, status == CORE_ETOOBIG ? "it is larger than 64 MB" : NULL);
        return 0;
    }
    status = learn_run_put(r, &d, &outcome);
    if (status == 0) {
        remember(r, p, outcome);
        return 0;
    }
    if (status == CORE_ECANCELLED || (learn_run_is_fatal(status) && !r->doc.why[0]))
        return status;
    /* A machine that cannot read it now says nothing about what it holds. */
    int gone = p->known && status != CORE_EIO ? put_gone(r, p, LEARN_FAILED) : 0;
    if (gone == 0)
        fail(r, f->path, status, r->doc.why);
    return gone;
}

/* What failed was told then: only its going is done again. */
static int put_pending(struct learn_run *r, const struct learn_pending *p)
{
    return p->file && p->outcome != LEARN_FAILED
               ? put_file(r, p)
               : put_gone(r, p, p->outcome ? p->outcome : LEARN_REMOVED);
}

static int put_and_flush(struct learn_run *r, const struct learn_pending *p)
{
    int status = put_pending(r, p);
    if (is_away(r, status))
        status = put_apart(r, p);
    else if (status == 0 && ai__learn_batch_full(&r->batch))
        status = flush(r);
    return status;
}

/* --- A root --------------------------------------------------------------------------------- */

static void on_walk_error(void *arg, const char *path, int code)
{
    struct learn_run *r = arg;
    void *array = r->closed;
    fail(r, path, code,
         code == CORE_EUTF8     ? "a name in it is not valid UTF-8 or too long"
         : code == CORE_ETOOBIG ? "folders are nested too deeply"
                                : NULL);
    if (code == CORE_EUTF8) /* such a name is no document's */
        return;
    if (core_grow(&array, &r->closed_cap, r->closed_count, sizeof *r->closed,
                  AI_LIMIT_LEARN_FILES) == 0)
        ((char **)array)[r->closed_count++] = core_strdup(core_str(path));
    r->closed = array;
}

static bool in_closed(const struct learn_run *r, const char *name)
{
    for (size_t i = 0; i < r->closed_count; i++) {
        size_t len = strlen(r->closed[i]);
        if (strncmp(name, r->closed[i], len) == 0 && (name[len] == '/' || name[len] == '\0'))
            return true;
    }
    return false;
}

static int learn_file(struct learn_run *r, const struct root *root, const struct ai_walk_file *file,
                      const struct ai_learn_known *known)
{
    struct ai_job *live = &r->job->live;
    struct learn_pending p = {.file = file, .known = known, .root = root->path};
    int status = 0;
    if (known && known->bytes == file->bytes && known->mtime_ms == file->mtime_ms &&
        known->extractor == AI_EXTRACT_VERSION)
        live->unchanged++;
    else
        status = put_and_flush(r, &p);
    live->files_done++;
    live->bytes_done += file->bytes;
    report(r, false);
    return status;
}

/* Calls `file` for each file of a root with what is known of it, or `gone` for each document that
 * has none; both lists are sorted by the bytes of the name. Writes what is left in the batch. */
static int compare(struct learn_run *r, const struct root *root,
                   int (*file)(struct learn_run *r, const struct root *root,
                               const struct ai_walk_file *f, const struct ai_learn_known *known),
                   int (*gone)(struct learn_run *r, const struct root *root,
                               const struct ai_learn_known *known))
{
    const struct ai_learn_known_list *known = &root->known;
    size_t f = 0, k = 0;
    int status = 0;
    while (status == 0 && (f < root->walk.count || k < known->count)) {
        int order = f >= root->walk.count ? 1
                    : k >= known->count   ? -1
                                          : strcmp(root->walk.files[f].path, known->items[k].name);
        if (!learn_run_keep_on(r))
            status = CORE_ECANCELLED;
        else if (order <= 0 && file)
            status = file(r, root, &root->walk.files[f], order == 0 ? &known->items[k] : NULL);
        else if (order > 0 && gone)
            status = gone(r, root, &known->items[k]);
        f += order <= 0;
        k += order >= 0;
    }
    if (status == 0 || status == CORE_ECANCELLED) {
        int flushed = flush(r);
        status = flushed ? flushed : status;
    }
    return status;
}

static int learn_files(struct learn_run *r, struct root *root)
{
    int status = read_known(r, root->path, &root->known);
    return status ? status : compare(r, root, learn_file, NULL);
}

static int forget_one(struct learn_run *r, const struct root *root,
                      const struct ai_learn_known *known)
{
    struct learn_pending gone = {.known = known, .root = root->path};
    return in_closed(r, known->name) ? 0 : put_and_flush(r, &gone);
}

/* --- The job -------------------------------------------------------------------------------- */

static int put_upload(struct learn_run *r, struct ai_learn_document *d)
{
    const struct ai_learn_job *job = r->job;
    unsigned outcome = 0;
    unsigned attempt = 0;
    int status;
    do {
        ai__learn_batch_done(&r->batch);
        r->batch.keeps_none = r->job->live.waiting != NULL;
        core_buf_clear(&r->bytes);
        core_buf_add(&r->bytes, job->bytes, job->len);
        status = learn_run_put(r, d, &outcome);
        if (status != 0 && (!learn_run_is_fatal(status) || r->doc.why[0])) {
            fail(r, job->name, status, r->doc.why);
            return 0;
        }
        if (status == 0)
            status = ai__learn_write(&r->batch);
    } while (again(r, &status) || (overtaken(status) && ++attempt < ATTEMPTS));
    if (status == 0)
        count(r, outcome);
    return status;
}

static int learn_upload(struct learn_run *r)
{
    struct ai_learn_job *job = r->job;
    struct ai_learn_known_list known = {.count = 0};
    job->live.files_total = 1;
    int status = read_known(r, job->name, &known);
    struct ai_learn_document d = {.name = core_str(job->name),
                                  .root = CORE_STR("upload:"),
                                  .bytes = (int64_t)job->len,
                                  .mtime_ms = core_wall_ms(r->ai->env),
                                  .known = known.count ? &known.items[0] : NULL};
    if (status == 0)
        status = put_upload(r, &d);
    job->live.files_done = 1;
    job->live.bytes_done = (int64_t)job->len;
    ai__learn_known_done(&known);
    return status;
}

/* All documents of the one root leave, whether their files are there or not. */
static int forget_source(struct learn_run *r)
{
    struct ai_learn_job *job = r->job;
    struct ai_learn_known_list known = {.count = 0};
    job->live.phase = "listing";
    int status = read_known(r, job->roots[0], &known);
    job->live.files_total = (unsigned)known.count;
    job->live.phase = "forgetting";
    report(r, true);
    for (size_t k = 0; k < known.count && status == 0; k++) {
        struct learn_pending gone = {.known = &known.items[k], .root = job->roots[0]};
        status = learn_run_keep_on(r) ? put_and_flush(r, &gone) : CORE_ECANCELLED;
        job->live.files_done += status == 0;
        report(r, false);
    }
    if (status == 0 || status == CORE_ECANCELLED) {
        int flushed = flush(r);
        status = flushed ? flushed : status;
    }
    ai__learn_known_done(&known);
    return status;
}

/* What cannot be listed is told and passed over; other errors end the job. */
static int list_root(struct learn_run *r, struct root *root)
{
    if (ai_private_reached(r->private, root->path)) {
        /* As if it were empty: what was learned there once is forgotten. */
        fail(
            r, root->path, CORE_EDENIED,
            "it belongs to the server's data folder, whose keys and database are not to be learned");
        return 0;
    }
    int status = ai_walk_files(root->path, r->private, on_walk_error, learn_run_keep_on, r,
                               &root->walk);
    if (status == 0 || status == CORE_ECANCELLED || status == CORE_ENOMEM)
        return status;
    root->broken = true;
    fail(r, root->path, status,
         status == CORE_ENOTFOUND      ? "there is no such file or folder"
         : status == CORE_EUNSUPPORTED ? "it is neither a file nor a folder"
         : status == CORE_ETOOBIG      ? "there are too many files below it"
                                       : NULL);
    return 0;
}

static int learn_roots(struct learn_run *r)
{
    struct ai_learn_job *job = r->job;
    struct root *roots = core_alloc_array(job->root_count, sizeof *roots);
    job->live.phase = "listing";
    report(r, true);
    int status = ai_private_new(r->ai->options.data_dir, &r->private);
    for (size_t i = 0; i < job->root_count && status == 0; i++) {
        roots[i].path = job->roots[i];
        status = list_root(r, &roots[i]);
        job->live.files_total += (unsigned)roots[i].walk.count;
        job->live.skipped += roots[i].walk.empty;
    }
    job->live.phase = "reading";
    r->started_ms = core_mono_ms(r->ai->env);
    report(r, true);
    for (size_t i = 0; i < job->root_count && status == 0; i++) {
        if (!roots[i].broken)
            status = learn_files(r, &roots[i]);
    }
    /* Last, so that what has another name now keeps its vectors. */
    for (size_t i = 0; i < job->root_count && status == 0; i++) {
        if (!roots[i].broken)
            status = compare(r, &roots[i], NULL, forget_one);
    }
    for (size_t i = 0; i < job->root_count; i++) {
        ai_walk_done(&roots[i].walk);
        ai__learn_known_done(&roots[i].known);
    }
    ai_private_free(r->private);
    free(roots);
    return status;
}

void ai__learn_run(struct core_work *work, unsigned worker)
{
    struct ai_learn_job *job = (struct ai_learn_job *)work;
    struct learn_run *r = core_alloc(sizeof *r);
    (void)worker;
    r->learner = job->learner;
    r->ai = job->learner->ai;
    r->job = job;
    r->started_ms = core_mono_ms(r->ai->env);
    core_buf_init(&r->bytes, AI_LIMIT_DOCUMENT_BYTES);
    ai_doc_init(&r->doc);
    ai__learn_batch_init(&r->batch, r->learner);
    int status = job->name ? learn_upload(r) : job->forgets ? forget_source(r) : learn_roots(r);
    ai__learn_batch_done(&r->batch);
    ai_extractor_rest(r->learner->extractor);
    if (status != 0 && status != CORE_ECANCELLED)
        fail(r, "", status, NULL);
    report(r, true);
    job->live.waiting = NULL;
    job->live.phase = "finished";
    job->live.eta_s = 0;
    job->live.state = status == 0                 ? AI_JOB_DONE
                      : status == CORE_ECANCELLED ? AI_JOB_CANCELLED
                                                  : AI_JOB_FAILED;
    for (size_t i = 0; i < r->closed_count; i++)
        free(r->closed[i]);
    free(r->closed);
    core_buf_done(&r->bytes);
    ai_doc_done(&r->doc);
    free(r);
}
