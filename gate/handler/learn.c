/*
 * learn.c: starting to learn, and following the job.
 *
 * Paths are read by the server itself, with its own rights: that is why only the owner may name
 * them. A raw body is a document by value.
 */
#include "gate/handler/handlers.h"

void reply_job(struct gate_request *r, const char *id, enum account_act act, struct core_str object)
{
    struct core_json_out o;
    const struct account_actor by = gate_request_actor(r);
    account_audit(gate_request_services(r)->accounts,
                  &(const struct account_event){.act = act, .by = &by, .object = object});
    core_json_out_init(&o, gate_reply_buf(r));
    core_json_out_object(&o, NULL);
    core_json_out_c(&o, "job_id", id);
    core_json_out_end(&o);
    gate_reply_json(r, 202);
}

static void learn_bytes(struct gate_request *r)
{
    struct core_str name = {0};
    char id[CORE_ID_SIZE];
    if (!query_str(r, "name", FIELD_REQUIRED, GATE_LIMIT_TITLE, &name)) {
        return;
    }
    struct core_str body = gate_request_body(r);
    if (body.len == 0) {
        gate_reply_problem(r, 400, "empty-document", "The document is empty",
                           "send the file's bytes as the body");
        return;
    }
    int err = ai_learn_bytes(gate_request_services(r)->ai, name, body, id);
    if (err) {
        gate_reply_error(r, err, NULL);
    } else {
        reply_job(r, id, ACCOUNT_ACT_LEARN_STARTED, core_str(id));
    }
}

/* The strings of `paths`, or NULL after answering. */
static const struct core_str *paths_read(struct gate_request *r, core_json body, size_t *ret_count)
{
    core_json paths = core_json_get(body, "paths");
    size_t count = core_json_count(paths);
    if (core_json_type(paths) != CORE_JSON_ARRAY || count == 0 || count > GATE_LIMIT_LEARN_PATHS) {
        field_problem(r, "paths", "must be a list of 1 to 256 absolute paths");
        return NULL;
    }
    struct core_str *list = core_pool_alloc(gate_request_pool(r), count * sizeof *list);
    if (!list) {
        gate_reply_error(r, CORE_ENOMEM, NULL);
        return NULL;
    }
    struct core_json_iter it = core_json_iter(paths);
    struct core_str key;
    core_json value;
    for (size_t i = 0; core_json_next(&it, &key, &value); i++) {
        if (core_json_str(value, &list[i]) || list[i].len == 0 || list[i].ptr[0] != '/' ||
            core_str_find_byte(list[i], '\0') >= 0) {
            field_problem(r, "paths", "must hold absolute paths only");
            return NULL;
        }
    }
    *ret_count = count;
    return list;
}

static void learn_paths(struct gate_request *r)
{
    char id[CORE_ID_SIZE];
    size_t count;
    core_json body = gate_request_json(r);
    if (!body) {
        return;
    }
    const struct core_str *paths = paths_read(r, body, &count);
    if (!paths) {
        return;
    }
    int err = ai_learn_paths(gate_request_services(r)->ai, paths, count, id);
    if (err == CORE_EINVAL || err == CORE_ETOOBIG) {
        field_problem(r, "paths",
                      "must hold absolute paths without `..` and NUL, none of them "
                      "longer than 4096 bytes");
    } else if (err) {
        gate_reply_error(r, err, NULL);
    } else {
        reply_job(r, id, ACCOUNT_ACT_LEARN_STARTED, core_str(id));
    }
}

void handle_learn(struct gate_request *r)
{
    if (gate_request_is(r, "application/octet-stream")) {
        learn_bytes(r);
    } else {
        learn_paths(r);
    }
}

/* --- Jobs ------------------------------------------------------------------------------------- */

void out_job(struct core_json_out *o, const struct ai_job *job)
{
    static const char *const states[] = {"running", "done", "failed", "cancelled"};
    core_json_out_object(o, NULL);
    core_json_out_c(o, "id", job->id);
    core_json_out_c(o, "what", job->what);
    core_json_out_u64(o, "whats", job->whats);
    core_json_out_bool(o, "forgets", job->forgets);
    out_time(o, "begun_at", job->begun_ms);
    core_json_out_c(o, "state", states[job->state]);
    core_json_out_c(o, "phase", job->phase);
    if (job->waiting) {
        core_json_out_c(o, "waiting", job->waiting);
    }
    core_json_out_u64(o, "files_total", job->files_total);
    core_json_out_u64(o, "files_done", job->files_done);
    core_json_out_u64(o, "added", job->added);
    core_json_out_u64(o, "updated", job->updated);
    core_json_out_u64(o, "unchanged", job->unchanged);
    core_json_out_u64(o, "removed", job->removed);
    core_json_out_u64(o, "duplicates", job->duplicates);
    core_json_out_u64(o, "failed", job->failed);
    core_json_out_u64(o, "skipped", job->skipped);
    core_json_out_i64(o, "bytes_done", job->bytes_done);
    core_json_out_double(o, "rate_files_s", job->rate_files_s);
    core_json_out_double(o, "eta_s", job->eta_s);
    core_json_out_array(o, "errors");
    for (size_t i = 0; i < job->error_count; i++) {
        core_json_out_object(o, NULL);
        core_json_out_c(o, "document", job->errors[i].document);
        core_json_out_c(o, "error", job->errors[i].error);
        core_json_out_end(o);
    }
    core_json_out_end(o);
    core_json_out_end(o);
}

static const char *job_look(struct gate_request *r, void *id, struct core_buf *event, bool *last)
{
    const struct ai_job *job;
    struct core_json_out o;
    *last = true;
    if (ai_job_get(gate_request_services(r)->ai, *(const struct core_str *)id, &job)) {
        return NULL;
    }
    *last = job->state != AI_JOB_RUNNING;
    core_json_out_init(&o, event);
    out_job(&o, job);
    return *last ? "done" : "progress";
}

void handle_job_get(struct gate_request *r)
{
    const struct ai_job *job;
    struct core_json_out o;
    struct core_str id = gate_request_param(r, "id");
    int err = ai_job_get(gate_request_services(r)->ai, id, &job);
    if (err) {
        gate_reply_error(r, err, "no job has that id, or it ended long ago");
        return;
    }
    if (follow_wanted(r)) {
        struct core_str *followed = core_pool_alloc(gate_request_pool(r), sizeof *followed);
        if (!followed) {
            gate_reply_error(r, CORE_ENOMEM, NULL);
            return;
        }
        *followed = id;
        follow_begin(r, GATE_FOLLOW_MS, job_look, followed);
        return;
    }
    core_json_out_init(&o, gate_reply_buf(r));
    out_job(&o, job);
    gate_reply_json(r, 200);
}

void handle_job_cancel(struct gate_request *r)
{
    int err = ai_job_cancel(gate_request_services(r)->ai, gate_request_param(r, "id"));
    if (err) {
        gate_reply_error(r, err, "no job has that id, or it ended long ago");
    } else {
        gate_reply_empty(r, 204);
    }
}
