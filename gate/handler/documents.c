/*
 * documents.c: the learned documents: list, stored copy, removal.
 */
#include "gate/handler/handlers.h"

struct documents {
    struct core_str id, like, after;
    int64_t limit;
    struct core_json_out out;
    size_t count;
    struct core_buf next;
    bool more;
    int err;
};

static struct documents *documents_new(struct gate_request *r)
{
    struct documents *d = core_pool_alloc(gate_request_pool(r), sizeof *d);
    if (!d) {
        gate_reply_error(r, CORE_ENOMEM, NULL);
        return NULL;
    }
    core_json_out_init(&d->out, gate_reply_buf(r));
    core_buf_init(&d->next, GATE_LIMIT_QUERY_TEXT);
    return d;
}

static void document_out(struct core_json_out *o, const struct ai_document *doc)
{
    core_json_out_str(o, "id", doc->id);
    core_json_out_str(o, "document", doc->name);
    core_json_out_str(o, "source", doc->source);
    core_json_out_str(o, "title", doc->title);
    core_json_out_str(o, "mime", doc->mime);
    core_json_out_i64(o, "bytes", doc->bytes);
    core_json_out_i64(o, "chunks", doc->chunks);
    core_json_out_i64(o, "vectors", doc->vectors);
    out_time(o, "learned_at", doc->learned_ms);
}

static int on_document(void *arg, const struct ai_document *doc)
{
    struct documents *d = arg;
    if (d->count == (size_t)d->limit) {
        d->more = true;
        return 1;
    }
    d->count++;
    core_buf_clear(&d->next);
    core_buf_add_str(&d->next, doc->name);
    core_json_out_object(&d->out, NULL);
    document_out(&d->out, doc);
    core_json_out_end(&d->out);
    return 0;
}

static void list_run(struct gate_request *r, void *arg)
{
    struct documents *d = arg;
    core_json_out_object(&d->out, NULL);
    core_json_out_array(&d->out, "documents");
    d->err = ai_documents(gate_request_services(r)->ai, d->like, d->after, (unsigned)d->limit + 1,
                          on_document, d);
    core_json_out_end(&d->out);
    if (d->more && !core_buf_error(&d->next)) {
        core_json_out_str(&d->out, "next", core_buf_str(&d->next));
    } else {
        core_json_out_null(&d->out, "next");
    }
    core_json_out_end(&d->out);
}

static void reply_done(struct gate_request *r, void *arg)
{
    struct documents *d = arg;
    core_buf_done(&d->next);
    if (d->err < 0) {
        core_buf_clear(gate_reply_buf(r));
        gate_reply_error(r, d->err, d->err == CORE_ENOTFOUND ? "no document has that id" : NULL);
    } else {
        gate_reply_json(r, 200);
    }
}

void handle_documents(struct gate_request *r)
{
    struct documents *d = documents_new(r);
    if (!d) {
        return;
    }
    d->limit = 100;
    if (query_int(r, "limit", 1, GATE_LIMIT_PAGE, &d->limit) &&
        query_str(r, "after", FIELD_OPTIONAL, GATE_LIMIT_QUERY_TEXT, &d->after) &&
        query_str(r, "q", FIELD_OPTIONAL, GATE_LIMIT_QUERY_TEXT, &d->like)) {
        gate_work(r, list_run, reply_done, d);
    }
}

static void on_content(void *arg, const struct ai_document *doc, struct core_str text,
                       struct core_str headings_json)
{
    struct documents *d = arg;
    core_json_out_object(&d->out, NULL);
    document_out(&d->out, doc);
    core_json_out_str(&d->out, "text", text);
    core_json_out_raw(&d->out, "headings", headings_json);
    core_json_out_end(&d->out);
}

static void get_run(struct gate_request *r, void *arg)
{
    struct documents *d = arg;
    d->err = ai_document_get(gate_request_services(r)->ai, d->id, on_content, d);
}

void handle_document_get(struct gate_request *r)
{
    struct documents *d = documents_new(r);
    if (d) {
        d->id = gate_request_param(r, "id");
        gate_work(r, get_run, reply_done, d);
    }
}

static void remove_run(struct gate_request *r, void *arg)
{
    struct documents *d = arg;
    d->err = ai_document_remove(gate_request_services(r)->ai, d->id);
}

static void remove_done(struct gate_request *r, void *arg)
{
    struct documents *d = arg;
    if (d->err) {
        gate_reply_error(r, d->err, "no document has that id");
    } else {
        const struct account_actor by = gate_request_actor(r);
        account_audit(gate_request_services(r)->accounts,
                      &(const struct account_event){
                          .act = ACCOUNT_ACT_DOCUMENT_REMOVED, .by = &by, .object = d->id});
        gate_reply_empty(r, 204);
    }
}

void handle_document_remove(struct gate_request *r)
{
    struct documents *d = documents_new(r);
    if (d) {
        d->id = gate_request_param(r, "id");
        gate_work(r, remove_run, remove_done, d);
    }
}
