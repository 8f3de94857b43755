/*
 * knowledge.c: searching the documents: passages, or one hit a document.
 */
#include "gate/handler/handlers.h"

struct search {
    struct gate_request *r;
    struct ai_search search;
};

static void result_out(struct core_json_out *o, const struct ai_result *result)
{
    core_json_out_object(o, NULL);
    core_json_out_str(o, "document", result->document);
    core_json_out_str(o, "document_id", result->document_id);
    core_json_out_str(o, "title", result->title);
    core_json_out_str(o, "location", result->location);
    core_json_out_double(o, "score", result->score);
    core_json_out_str(o, "text", result->text);
    core_json_out_i64(o, "start", result->start);
    core_json_out_i64(o, "end", result->end);
    core_json_out_end(o);
}

static void on_done(struct ai_search *search, int status, const struct ai_result *results,
                    size_t count)
{
    struct search *s = search->arg;
    struct core_json_out o;
    if (status) {
        gate_reply_error(s->r, status, NULL);
        return;
    }
    core_json_out_init(&o, gate_reply_buf(s->r));
    core_json_out_object(&o, NULL);
    core_json_out_array(&o, "results");
    for (size_t i = 0; i < count; i++) {
        result_out(&o, &results[i]);
    }
    core_json_out_end(&o);
    ai_read_as_json(&o, search->read_as, search->read_as_count);
    core_json_out_end(&o);
    gate_reply_json(s->r, 200);
}

static void on_gone(struct gate_request *r, void *arg)
{
    struct search *s = arg;
    ai_search_cancel(gate_request_services(r)->ai, &s->search);
}

static void search_begin(struct gate_request *r, bool one_per_document)
{
    struct search *s = core_pool_alloc(gate_request_pool(r), sizeof *s);
    int64_t k = 5;
    if (!s) {
        gate_reply_error(r, CORE_ENOMEM, NULL);
        return;
    }
    s->r = r;
    s->search.arg = s;
    s->search.on_done = on_done;
    s->search.one_per_document = one_per_document;
    if (!query_str(r, "q", FIELD_REQUIRED, GATE_LIMIT_QUERY_TEXT, &s->search.query) ||
        !query_int(r, "k", 1, AI_LIMIT_SEARCH_K, &k)) {
        return;
    }
    if (core_str_trim(s->search.query).len == 0) {
        field_problem(r, "q", "must hold more than white space");
        return;
    }
    s->search.k = (unsigned)k;
    gate_request_on_gone(r, on_gone, s);
    int err = ai_search_start(gate_request_services(r)->ai, &s->search);
    if (err) {
        gate_reply_error(r, err, NULL);
    }
}

void handle_search(struct gate_request *r)
{
    search_begin(r, true);
}

void handle_knowledge(struct gate_request *r)
{
    search_begin(r, false);
}
