/* admin_costs.c: costs from elsewhere: a file is imported,
 * what counts is listed, the last import is undone. */
#include "gate/handler/handlers.h"

#include <stdio.h>

struct costs {
    struct core_str id, name, from, csv;
    struct account_cost_row after;
    char day[CORE_TIME_SIZE], next[2 * ACCOUNT_LIMIT_COST_FIELD];
    int64_t limit;
    const struct account *by;
    char new_id[CORE_ID_SIZE];
    struct account_cost_why why;
    struct core_json_out out;
    size_t count;
    bool more;
    int err;
};

static struct costs *costs_new(struct gate_request *r)
{
    struct costs *c = core_pool_alloc(gate_request_pool(r), sizeof *c);
    if (!c) {
        gate_reply_error(r, CORE_ENOMEM, NULL);
        return NULL;
    }
    c->id = gate_request_param(r, "id");
    core_json_out_init(&c->out, gate_reply_buf(r));
    return c;
}

static void costs_done(struct gate_request *r, void *arg)
{
    struct costs *c = arg;
    if (c->err) {
        core_buf_clear(gate_reply_buf(r));
        gate_reply_error(r, c->err, NULL);
    } else {
        gate_reply_json(r, 200);
    }
}

static int on_import(void *arg, const struct account_cost_import *import)
{
    struct core_json_out *o = &((struct costs *)arg)->out;
    core_json_out_object(o, NULL);
    core_json_out_str(o, "id", import->id);
    core_json_out_str(o, "name", import->name);
    core_json_out_str(o, "by", import->by);
    out_time(o, "created_at", import->at_ms);
    core_json_out_i64(o, "rows", import->rows);
    core_json_out_str(o, "first_on", import->first_on);
    core_json_out_str(o, "last_on", import->last_on);
    core_json_out_bool(o, "newest", import->newest);
    core_json_out_end(o);
    return 0;
}

/* --- Importing -------------------------------------------------------------------------------- */

static void import_run(struct gate_request *r, void *arg)
{
    struct costs *c = arg;
    struct accounts *a = gate_request_services(r)->accounts;
    c->err = account_costs_import(a, c->by, c->name, c->csv, c->new_id, &c->why);
    if (!c->err) {
        c->err = account_cost_imports(a, core_str(c->new_id), 1, on_import, c);
    }
}

static void import_done(struct gate_request *r, void *arg)
{
    struct costs *c = arg;
    if (c->err == CORE_EINVAL || (c->err == CORE_ETOOBIG && *c->why.text)) {
        gate_reply_problem(r, core_err_http(c->err), "bad-costs", "The file was not imported",
                           c->why.text);
    } else if (c->err == CORE_ELIMIT) {
        gate_reply_problem(r, 409, "limit-reached", "There are as many imports as there may be",
                           "undo the newest ones");
    } else if (c->err) {
        core_buf_clear(gate_reply_buf(r));
        gate_reply_error(r, c->err, "somebody else imports: try again");
    } else {
        gate_reply_json(r, 201);
    }
}

/* What the file is called; "": it did not say. */
static bool name_read(struct gate_request *r, struct core_str *ret)
{
    struct core_str name = CORE_STR("");
    if (!query_str(r, "name", FIELD_OPTIONAL, GATE_LIMIT_TITLE, &name)) {
        return false;
    }
    for (size_t i = 0; i < name.len; i++) {
        if ((unsigned char)name.ptr[i] < 0x20 || name.ptr[i] == 0x7F) {
            field_problem(r, "name", "must hold no control characters");
            return false;
        }
    }
    *ret = name;
    return true;
}

void handle_admin_costs_import(struct gate_request *r)
{
    struct costs *c = costs_new(r);
    if (!c) {
        return;
    }
    if (!gate_request_is(r, "text/csv")) {
        gate_reply_problem(r, 415, "unsupported-media-type", "The body must be a table",
                           "send the file with Content-Type: text/csv");
        return;
    }
    if (name_read(r, &c->name)) {
        c->csv = gate_request_body(r);
        c->by = gate_request_account(r);
        gate_work(r, import_run, import_done, c);
    }
}

/* --- Undoing ---------------------------------------------------------------------------------- */

static void undo_run(struct gate_request *r, void *arg)
{
    struct costs *c = arg;
    c->err = account_costs_undo(gate_request_services(r)->accounts, c->id);
}

static void undo_done(struct gate_request *r, void *arg)
{
    struct costs *c = arg;
    if (c->err == CORE_EMISMATCH) {
        gate_reply_problem(r, 409, "not-the-newest", "Only the newest import can be undone",
                           "undo those after it first");
    } else if (c->err) {
        gate_reply_error(r, c->err, "no import has that id");
    } else {
        gate_reply_empty(r, 204);
    }
}

void handle_admin_costs_undo(struct gate_request *r)
{
    struct costs *c = costs_new(r);
    if (c) {
        gate_work(r, undo_run, undo_done, c);
    }
}

/* --- Listing ---------------------------------------------------------------------------------- */

static void imports_run(struct gate_request *r, void *arg)
{
    struct costs *c = arg;
    core_json_out_object(&c->out, NULL);
    core_json_out_array(&c->out, "imports");
    c->err = account_cost_imports(gate_request_services(r)->accounts, CORE_STR(""),
                                  (unsigned)c->limit, on_import, c);
    core_json_out_end(&c->out);
    core_json_out_end(&c->out);
}

void handle_admin_cost_imports(struct gate_request *r)
{
    struct costs *c = costs_new(r);
    if (!c) {
        return;
    }
    c->limit = 50;
    if (query_int(r, "limit", 1, GATE_LIMIT_PAGE, &c->limit)) {
        gate_work(r, imports_run, costs_done, c);
    }
}

static int on_row(void *arg, const struct account_cost_row *row)
{
    struct costs *c = arg;
    struct core_json_out *o = &c->out;
    if (c->count == (size_t)c->limit) {
        c->more = true;
        return 1;
    }
    c->count++;
    snprintf(c->next, sizeof c->next, "%.*s %.*s %.*s", CORE_STR_ARG(row->day),
             CORE_STR_ARG(row->currency), CORE_STR_ARG(row->service));
    core_json_out_object(o, NULL);
    core_json_out_str(o, "date", row->day);
    core_json_out_str(o, "service", row->service);
    core_json_out_str(o, "currency", row->currency);
    core_json_out_i64(o, "amount_micro", row->micro);
    core_json_out_end(o);
    return 0;
}

static void list_run(struct gate_request *r, void *arg)
{
    struct costs *c = arg;
    core_json_out_object(&c->out, NULL);
    core_json_out_array(&c->out, "costs");
    c->err = account_costs(gate_request_services(r)->accounts, c->from, &c->after,
                           (unsigned)c->limit + 1, on_row, c);
    core_json_out_end(&c->out);
    core_json_out_c(&c->out, "next", c->more ? c->next : NULL);
    core_json_out_end(&c->out);
}

/* "2026-01-31 USD Amazon S3": the last row of the page before. */
static bool cursor_read(struct gate_request *r, struct core_str text, struct account_cost_row *ret)
{
    ret->day = ret->currency = ret->service = CORE_STR("");
    if (text.len == 0) {
        return true;
    }
    core_str_split(&text, ' ', &ret->day);
    core_str_split(&text, ' ', &ret->currency);
    ret->service = text;
    if (ret->day.len != 10 || ret->currency.len != 3 || text.len == 0) {
        field_problem(r, "after", "must be the `next` of a page");
        return false;
    }
    return true;
}

void handle_admin_costs(struct gate_request *r)
{
    struct costs *c = costs_new(r);
    struct core_str after = CORE_STR("");
    int64_t days = 90;
    if (!c) {
        return;
    }
    c->limit = GATE_LIMIT_COSTS;
    if (query_days(r, "range", &days) && query_int(r, "limit", 1, GATE_LIMIT_COSTS, &c->limit) &&
        query_str(r, "after", FIELD_OPTIONAL, sizeof c->next - 1, &after) &&
        cursor_read(r, after, &c->after)) {
        core_time_format(core_wall_ms(gate_request_services(r)->env) - days * 86400000, c->day);
        c->from = core_strn(c->day, 10);
        gate_work(r, list_run, costs_done, c);
    }
}
