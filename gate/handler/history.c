/*
 * history.c: conversations and their messages, paged by cursors.
 */
#include "gate/handler/handlers.h"

#include <stdio.h>

struct history {
    struct core_str conversation, before, title;
    int64_t limit;
    struct core_json_out out;
    size_t count;
    char next[64]; /* cursor of the last item put out */
    bool more;
    int err;
};

static struct history *history_new(struct gate_request *r)
{
    struct history *h = core_pool_alloc(gate_request_pool(r), sizeof *h);
    if (!h) {
        gate_reply_error(r, CORE_ENOMEM, NULL);
        return NULL;
    }
    core_json_out_init(&h->out, gate_reply_buf(r));
    return h;
}

static struct core_str owner_of(const struct gate_request *r)
{
    return core_str(gate_request_account(r)->id);
}

static void conversation_out(struct core_json_out *o, const char *key,
                             const struct ai_conversation *item)
{
    core_json_out_object(o, key);
    core_json_out_str(o, "id", item->id);
    core_json_out_str(o, "title", item->title);
    out_time(o, "created_at", item->created_ms);
    out_time(o, "updated_at", item->updated_ms);
    core_json_out_i64(o, "messages", item->messages);
    core_json_out_end(o);
}

/* One more than the limit is asked for, to know whether there is a next page. */
static int on_conversation(void *arg, const struct ai_conversation *item)
{
    struct history *h = arg;
    if (h->count == (size_t)h->limit) {
        h->more = true;
        return 1;
    }
    h->count++;
    snprintf(h->next, sizeof h->next, "%lld.%.*s", (long long)item->updated_ms,
             CORE_STR_ARG(item->id));
    conversation_out(&h->out, NULL, item);
    return 0;
}

static void next_out(struct history *h)
{
    core_json_out_c(&h->out, "next", h->more ? h->next : NULL);
}

static void list_run(struct gate_request *r, void *arg)
{
    struct history *h = arg;
    core_json_out_object(&h->out, NULL);
    core_json_out_array(&h->out, "conversations");
    h->err = ai_history_conversations(gate_request_services(r)->ai, owner_of(r), h->before,
                                      (unsigned)h->limit + 1, on_conversation, h);
    core_json_out_end(&h->out);
    next_out(h);
    core_json_out_end(&h->out);
}

static int on_head(void *arg, const struct ai_conversation *item)
{
    struct history *h = arg;
    conversation_out(&h->out, "conversation", item);
    return 0;
}

static int on_message(void *arg, const struct ai_history_message *m)
{
    struct history *h = arg;
    struct core_json_out *o = &h->out;
    if (h->count++ == 0) {
        snprintf(h->next, sizeof h->next, "%.*s", CORE_STR_ARG(m->id));
    }
    core_json_out_object(o, NULL);
    core_json_out_str(o, "id", m->id);
    core_json_out_str(o, "role", m->role);
    core_json_out_str(o, "text", m->text);
    out_time(o, "created_at", m->created_ms);
    if (m->answered >= 0) {
        core_json_out_bool(o, "answered", m->answered);
    }
    if (m->receipt_json.len) {
        core_json_out_raw(o, "receipt", m->receipt_json);
        core_json_out_i64(o, "vote", m->vote);
    }
    core_json_out_end(o);
    return 0;
}

static void messages_run(struct gate_request *r, void *arg)
{
    struct history *h = arg;
    struct ai *ai = gate_request_services(r)->ai;
    core_json_out_object(&h->out, NULL);
    h->err = ai_history_conversation(ai, owner_of(r), h->conversation, on_head, h);
    core_json_out_array(&h->out, "messages");
    if (!h->err) {
        h->err = ai_history_messages(ai, owner_of(r), h->conversation, h->before,
                                     (unsigned)h->limit, on_message, h);
    }
    core_json_out_end(&h->out);
    h->more = h->count == (size_t)h->limit;
    next_out(h);
    core_json_out_end(&h->out);
}

static void reply_done(struct gate_request *r, void *arg)
{
    struct history *h = arg;
    if (h->err == CORE_EINVAL) {
        core_buf_clear(gate_reply_buf(r));
        field_problem(r, "before", "must be the `next` of a page");
    } else if (h->err < 0) {
        core_buf_clear(gate_reply_buf(r));
        gate_reply_error(r, h->err,
                         h->err == CORE_ENOTFOUND ? "no conversation has that id" : NULL);
    } else {
        gate_reply_json(r, 200);
    }
}

void handle_history_get(struct gate_request *r)
{
    struct history *h = history_new(r);
    if (!h) {
        return;
    }
    h->limit = 50;
    if (query_int(r, "limit", 1, GATE_LIMIT_PAGE, &h->limit) &&
        query_str(r, "before", FIELD_OPTIONAL, sizeof h->next - 1, &h->before) &&
        query_str(r, "conversation_id", FIELD_OPTIONAL, 64, &h->conversation)) {
        gate_work(r, h->conversation.len ? messages_run : list_run, reply_done, h);
    }
}

static void remove_run(struct gate_request *r, void *arg)
{
    struct history *h = arg;
    h->err = ai_history_remove(gate_request_services(r)->ai, owner_of(r), h->conversation);
}

static void remove_done(struct gate_request *r, void *arg)
{
    struct history *h = arg;
    if (h->err) {
        gate_reply_error(r, h->err, "no conversation has that id");
    } else {
        gate_reply_empty(r, 204);
    }
}

void handle_history_remove(struct gate_request *r)
{
    struct history *h = history_new(r);
    if (h) {
        h->conversation = gate_request_param(r, "id");
        gate_work(r, remove_run, remove_done, h);
    }
}

static void rename_run(struct gate_request *r, void *arg)
{
    struct history *h = arg;
    struct ai *ai = gate_request_services(r)->ai;
    h->err = ai_history_rename(ai, owner_of(r), h->conversation, h->title);
    if (!h->err) {
        core_json_out_object(&h->out, NULL);
        h->err = ai_history_conversation(ai, owner_of(r), h->conversation, on_head, h);
        core_json_out_end(&h->out);
    }
}

static void rename_done(struct gate_request *r, void *arg)
{
    struct history *h = arg;
    if (h->err == CORE_EINVAL) {
        core_buf_clear(gate_reply_buf(r));
        field_problem(r, "title", "must hold more than white space");
    } else {
        reply_done(r, arg);
    }
}

void handle_history_rename(struct gate_request *r)
{
    core_json body = gate_request_json(r);
    struct history *h = body ? history_new(r) : NULL;
    if (h && field_str(r, body, "title", FIELD_REQUIRED, 1, GATE_LIMIT_TITLE, &h->title)) {
        h->conversation = gate_request_param(r, "id");
        gate_work(r, rename_run, rename_done, h);
    }
}
