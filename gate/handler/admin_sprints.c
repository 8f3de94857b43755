/*
 * admin_sprints.c: sprints and their items. A change names the version that it was made on; 409
 * tells that somebody else was faster.
 */
#include "gate/handler/handlers.h"

#include <stdio.h>

struct plan {
    struct core_str id, after;
    int64_t version, limit;
    struct account_sprint_form sprint;
    struct account_item_form item;
    struct account_why why;
    char new_id[CORE_ID_SIZE], next[CORE_ID_SIZE];
    int (*call)(struct accounts *a, struct plan *plan);
    struct core_json_out out;
    size_t count;
    bool more;
    int err, status;
};

/* --- What is told ----------------------------------------------------------------------------- */

static void sprint_fields(struct core_json_out *o, const struct account_sprint *s)
{
    core_json_out_str(o, "id", s->id);
    core_json_out_str(o, "name", s->name);
    core_json_out_str(o, "goal", s->goal);
    core_json_out_str(o, "starts_on", s->starts_on);
    core_json_out_str(o, "ends_on", s->ends_on);
    core_json_out_i64(o, "items", s->items);
    core_json_out_i64(o, "done", s->done);
    core_json_out_i64(o, "version", s->version);
    out_time(o, "changed_at", s->changed_ms);
}

static int on_item(void *arg, const struct account_sprint_item *item)
{
    struct core_json_out *o = &((struct plan *)arg)->out;
    core_json_out_object(o, NULL);
    core_json_out_str(o, "id", item->id);
    core_json_out_str(o, "sprint", item->sprint);
    core_json_out_str(o, "title", item->title);
    core_json_out_str(o, "status", item->status);
    core_json_out_str(o, "assignee", item->assignee);
    core_json_out_str(o, "starts_on", item->starts_on);
    core_json_out_str(o, "ends_on", item->ends_on);
    core_json_out_i64(o, "version", item->version);
    out_time(o, "changed_at", item->changed_ms);
    core_json_out_end(o);
    return 0;
}

static int on_listed(void *arg, const struct account_sprint *sprint)
{
    struct plan *plan = arg;
    if (plan->count == (size_t)plan->limit) {
        plan->more = true;
        return 1;
    }
    plan->count++;
    snprintf(plan->next, sizeof plan->next, "%.*s", CORE_STR_ARG(sprint->id));
    core_json_out_object(&plan->out, NULL);
    sprint_fields(&plan->out, sprint);
    core_json_out_end(&plan->out);
    return 0;
}

static int on_sprint(void *arg, const struct account_sprint *sprint)
{
    struct plan *plan = arg;
    core_json_out_object(&plan->out, NULL);
    sprint_fields(&plan->out, sprint);
    return 0;
}

/* --- One request ------------------------------------------------------------------------------ */

static struct plan *plan_new(struct gate_request *r, int status,
                             int (*call)(struct accounts *a, struct plan *plan))
{
    struct plan *plan = core_pool_alloc(gate_request_pool(r), sizeof *plan);
    if (!plan) {
        gate_reply_error(r, CORE_ENOMEM, NULL);
        return NULL;
    }
    plan->status = status;
    plan->call = call;
    plan->id = gate_request_param(r, "id");
    core_json_out_init(&plan->out, gate_reply_buf(r));
    return plan;
}

static void plan_run(struct gate_request *r, void *arg)
{
    struct plan *plan = arg;
    plan->err = plan->call(gate_request_services(r)->accounts, plan);
}

static void plan_done(struct gate_request *r, void *arg)
{
    struct plan *plan = arg;
    if (plan->err) {
        core_buf_clear(gate_reply_buf(r));
    }
    if (plan->err == CORE_EINVAL && plan->why.field) {
        field_problem(r, plan->why.field, plan->why.must);
    } else if (plan->err == CORE_EMISMATCH) {
        gate_reply_problem(r, 409, "changed", "Somebody else changed it",
                           "read it again and repeat the change with the new `version`");
    } else if (plan->err == CORE_ELIMIT) {
        gate_reply_problem(r, 409, "limit-reached", "There are as many as there may be",
                           "remove what is no longer needed");
    } else if (plan->err) {
        gate_reply_error(r, plan->err, "no sprint or item has that id");
    } else if (plan->status == 204) {
        gate_reply_empty(r, 204);
    } else {
        gate_reply_json(r, plan->status);
    }
}

static bool version_read(struct gate_request *r, core_json body, int64_t *ret)
{
    return field_int(r, body, "version", FIELD_REQUIRED, 1, INT64_MAX, ret);
}

/* The version of what is to be removed stands in the query: a DELETE has no body. */
static void remove_begin(struct gate_request *r, int (*call)(struct accounts *a, struct plan *plan))
{
    struct plan *plan = plan_new(r, 204, call);
    if (plan && query_int(r, "version", 1, INT64_MAX, &plan->version)) {
        if (plan->version == 0) {
            field_problem(r, "version", "is required");
        } else {
            gate_work(r, plan_run, plan_done, plan);
        }
    }
}

/* --- Sprints ---------------------------------------------------------------------------------- */

static int list_call(struct accounts *a, struct plan *plan)
{
    core_json_out_object(&plan->out, NULL);
    core_json_out_array(&plan->out, "sprints");
    int err = account_sprints(a, plan->after, (unsigned)plan->limit + 1, on_listed, plan);
    core_json_out_end(&plan->out);
    core_json_out_c(&plan->out, "next", plan->more ? plan->next : NULL);
    core_json_out_end(&plan->out);
    return err;
}

void handle_admin_sprints(struct gate_request *r)
{
    struct plan *plan = plan_new(r, 200, list_call);
    if (!plan) {
        return;
    }
    plan->limit = 50;
    if (query_int(r, "limit", 1, GATE_LIMIT_PAGE, &plan->limit) &&
        query_cursor(r, "after", &plan->after)) {
        gate_work(r, plan_run, plan_done, plan);
    }
}

/* A sprint with its items. */
static int sprint_tell(struct accounts *a, struct plan *plan)
{
    int err = account_sprint_read(a, plan->id, on_sprint, plan);
    if (err) {
        return err;
    }
    core_json_out_array(&plan->out, "board");
    err = account_sprint_items(a, plan->id, on_item, plan);
    core_json_out_end(&plan->out);
    core_json_out_end(&plan->out);
    return err;
}

void handle_admin_sprint_get(struct gate_request *r)
{
    struct plan *plan = plan_new(r, 200, sprint_tell);
    if (plan) {
        gate_work(r, plan_run, plan_done, plan);
    }
}

static bool sprint_form(struct gate_request *r, core_json body, enum field_need need,
                        struct account_sprint_form *ret)
{
    return field_str(r, body, "name", need, 1, GATE_LIMIT_TITLE, &ret->name) &&
           field_str(r, body, "goal", FIELD_OPTIONAL, 0, GATE_LIMIT_QUERY_TEXT, &ret->goal) &&
           field_str(r, body, "starts_on", FIELD_OPTIONAL, 0, 10, &ret->starts_on) &&
           field_str(r, body, "ends_on", FIELD_OPTIONAL, 0, 10, &ret->ends_on);
}

static int sprint_add_call(struct accounts *a, struct plan *plan)
{
    int err = account_sprint_add(a, &plan->sprint, plan->new_id, &plan->why);
    plan->id = core_str(plan->new_id);
    return err ? err : sprint_tell(a, plan);
}

void handle_admin_sprint_add(struct gate_request *r)
{
    core_json body = gate_request_json(r);
    struct plan *plan = body ? plan_new(r, 201, sprint_add_call) : NULL;
    if (plan && sprint_form(r, body, FIELD_REQUIRED, &plan->sprint)) {
        gate_work(r, plan_run, plan_done, plan);
    }
}

static int sprint_change_call(struct accounts *a, struct plan *plan)
{
    int err = account_sprint_change(a, plan->id, plan->version, &plan->sprint, &plan->why);
    return err ? err : sprint_tell(a, plan);
}

void handle_admin_sprint_change(struct gate_request *r)
{
    core_json body = gate_request_json(r);
    struct plan *plan = body ? plan_new(r, 200, sprint_change_call) : NULL;
    if (plan && version_read(r, body, &plan->version) &&
        sprint_form(r, body, FIELD_OPTIONAL, &plan->sprint)) {
        gate_work(r, plan_run, plan_done, plan);
    }
}

static int sprint_remove_call(struct accounts *a, struct plan *plan)
{
    return account_sprint_remove(a, plan->id, plan->version);
}

void handle_admin_sprint_remove(struct gate_request *r)
{
    remove_begin(r, sprint_remove_call);
}

/* --- Items ------------------------------------------------------------------------------------ */

static bool item_form(struct gate_request *r, core_json body, enum field_need need,
                      struct account_item_form *ret)
{
    return field_str(r, body, "title", need, 1, GATE_LIMIT_TITLE, &ret->title) &&
           field_str(r, body, "status", FIELD_OPTIONAL, 0, 16, &ret->status) &&
           field_str(r, body, "assignee", FIELD_OPTIONAL, 0, GATE_LIMIT_TITLE, &ret->assignee) &&
           field_str(r, body, "starts_on", FIELD_OPTIONAL, 0, 10, &ret->starts_on) &&
           field_str(r, body, "ends_on", FIELD_OPTIONAL, 0, 10, &ret->ends_on) &&
           field_str(r, body, "before", FIELD_OPTIONAL, 0, CORE_ID_SIZE - 1, &ret->before);
}

static int item_add_call(struct accounts *a, struct plan *plan)
{
    int err = account_item_add(a, plan->id, &plan->item, plan->new_id, &plan->why);
    return err ? err : account_item_read(a, core_str(plan->new_id), on_item, plan);
}

void handle_admin_item_add(struct gate_request *r)
{
    core_json body = gate_request_json(r);
    struct plan *plan = body ? plan_new(r, 201, item_add_call) : NULL;
    if (plan && field_str(r, body, "sprint", FIELD_REQUIRED, 1, CORE_ID_SIZE - 1, &plan->id) &&
        item_form(r, body, FIELD_REQUIRED, &plan->item)) {
        gate_work(r, plan_run, plan_done, plan);
    }
}

static int item_change_call(struct accounts *a, struct plan *plan)
{
    int err = account_item_change(a, plan->id, plan->version, &plan->item, &plan->why);
    return err ? err : account_item_read(a, plan->id, on_item, plan);
}

void handle_admin_item_change(struct gate_request *r)
{
    core_json body = gate_request_json(r);
    struct plan *plan = body ? plan_new(r, 200, item_change_call) : NULL;
    if (plan && version_read(r, body, &plan->version) &&
        item_form(r, body, FIELD_OPTIONAL, &plan->item)) {
        gate_work(r, plan_run, plan_done, plan);
    }
}

static int item_remove_call(struct accounts *a, struct plan *plan)
{
    return account_item_remove(a, plan->id, plan->version);
}

void handle_admin_item_remove(struct gate_request *r)
{
    remove_begin(r, item_remove_call);
}
