/*
 * sources.c: what documents were learned from: list, learn again, forget; and the jobs that do it.
 */
#include "gate/handler/handlers.h"

struct sources {
    struct core_str id, after;
    int64_t limit;
    struct core_json_out out;
    struct core_buf root; /* of the last one listed, or of the one that was asked for */
    size_t count;
    bool more;
    int err;
};

static struct sources *sources_new(struct gate_request *r)
{
    struct sources *s = core_pool_alloc(gate_request_pool(r), sizeof *s);
    if (!s) {
        gate_reply_error(r, CORE_ENOMEM, NULL);
        return NULL;
    }
    memset(s, 0, sizeof *s);
    core_json_out_init(&s->out, gate_reply_buf(r));
    core_buf_init(&s->root, GATE_LIMIT_QUERY_TEXT);
    return s;
}

/* --- The list -------------------------------------------------------------------------------- */

static int on_source(void *arg, const struct ai_source_info *source)
{
    struct sources *s = arg;
    if (s->count == (size_t)s->limit) {
        s->more = true;
        return 1;
    }
    s->count++;
    core_buf_clear(&s->root);
    core_buf_add_str(&s->root, source->root);
    core_json_out_object(&s->out, NULL);
    core_json_out_c(&s->out, "id", source->id);
    core_json_out_str(&s->out, "source", source->root);
    core_json_out_bool(&s->out, "upload", source->upload);
    core_json_out_i64(&s->out, "documents", source->documents);
    core_json_out_i64(&s->out, "bytes", source->bytes);
    out_time(&s->out, "learned_at", source->learned_ms);
    core_json_out_end(&s->out);
    return 0;
}

static void list_run(struct gate_request *r, void *arg)
{
    struct sources *s = arg;
    core_json_out_object(&s->out, NULL);
    core_json_out_array(&s->out, "sources");
    s->err = ai_sources(gate_request_services(r)->ai, s->after, (unsigned)s->limit + 1, on_source,
                        s);
    core_json_out_end(&s->out);
    if (s->more && !core_buf_error(&s->root)) {
        core_json_out_str(&s->out, "next", core_buf_str(&s->root));
    } else {
        core_json_out_null(&s->out, "next");
    }
    core_json_out_end(&s->out);
}

static void list_done(struct gate_request *r, void *arg)
{
    struct sources *s = arg;
    core_buf_done(&s->root);
    if (s->err < 0) {
        core_buf_clear(gate_reply_buf(r));
        gate_reply_error(r, s->err, NULL);
    } else {
        gate_reply_json(r, 200);
    }
}

void handle_sources(struct gate_request *r)
{
    struct sources *s = sources_new(r);
    if (!s) {
        return;
    }
    s->limit = 100;
    if (query_int(r, "limit", 1, GATE_LIMIT_PAGE, &s->limit) &&
        query_str(r, "after", FIELD_OPTIONAL, GATE_LIMIT_QUERY_TEXT, &s->after)) {
        gate_work(r, list_run, list_done, s);
    }
}

/* --- One source ------------------------------------------------------------------------------ */

static void find_run(struct gate_request *r, void *arg)
{
    struct sources *s = arg;
    s->err = ai_source_find(gate_request_services(r)->ai, s->id, &s->root);
}

static void find_begin(struct gate_request *r, void (*done)(struct gate_request *r, void *arg))
{
    struct sources *s = sources_new(r);
    if (s) {
        s->id = gate_request_param(r, "id");
        gate_work(r, find_run, done, s);
    }
}

static void fail(struct gate_request *r, int err)
{
    gate_reply_error(r, err, err == CORE_ENOTFOUND ? "no source has that id" : NULL);
}

static void learn_done(struct gate_request *r, void *arg)
{
    struct sources *s = arg;
    char job[CORE_ID_SIZE];
    struct core_str root = core_buf_str(&s->root);
    bool is_path = root.len > 0 && root.ptr[0] == '/';
    int err = s->err;
    if (!err && is_path) {
        err = ai_learn_paths(gate_request_services(r)->ai, &root, 1, job);
    }
    if (!err && !is_path) {
        gate_reply_problem(r, 409, "not-a-path", "What was sent cannot be read again",
                           "send the documents again by POST /api/crawler/learn");
    } else if (err) {
        fail(r, err);
    } else {
        reply_job(r, job, ACCOUNT_ACT_LEARN_STARTED, core_str(job));
    }
    core_buf_done(&s->root);
}

void handle_source_learn(struct gate_request *r)
{
    find_begin(r, learn_done);
}

static void forget_done(struct gate_request *r, void *arg)
{
    struct sources *s = arg;
    char job[CORE_ID_SIZE];
    int err = s->err ? s->err
                     : ai_forget_source(gate_request_services(r)->ai, core_buf_str(&s->root), job);
    if (err) {
        fail(r, err);
    } else {
        reply_job(r, job, ACCOUNT_ACT_SOURCE_FORGOTTEN, s->id);
    }
    core_buf_done(&s->root);
}

void handle_source_forget(struct gate_request *r)
{
    find_begin(r, forget_done);
}

/* --- Jobs ------------------------------------------------------------------------------------ */

static void on_job(void *arg, const struct ai_job *job)
{
    out_job(arg, job);
}

void handle_jobs(struct gate_request *r)
{
    struct core_json_out o;
    core_json_out_init(&o, gate_reply_buf(r));
    core_json_out_object(&o, NULL);
    core_json_out_array(&o, "jobs");
    ai_jobs(gate_request_services(r)->ai, on_job, &o);
    core_json_out_end(&o);
    core_json_out_end(&o);
    gate_reply_json(r, 200);
}
