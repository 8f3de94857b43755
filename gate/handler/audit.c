/*
 * audit.c: the audit log over HTTP: pages of it, as JSON or CSV; is it whole; and the one row that
 * a program of the data folder's reader asks for.
 */
#include "gate/handler/handlers.h"

#include <stdio.h>

struct audit {
    struct account_audit_query query;
    struct core_str act, actor;
    int64_t limit, before;
    int err;
};

static struct audit *audit_new(struct gate_request *r)
{
    struct audit *audit = core_pool_alloc(gate_request_pool(r), sizeof *audit);
    if (!audit) {
        gate_reply_error(r, CORE_ENOMEM, NULL);
    }
    return audit;
}

static void reply_done(struct gate_request *r, void *arg)
{
    struct audit *audit = arg;
    if (audit->err) {
        core_buf_clear(gate_reply_buf(r));
        gate_reply_error(r, audit->err, NULL);
    } else {
        gate_reply_json(r, 200);
    }
}

/* --- CSV (RFC 4180) --------------------------------------------------------------------------- */

/* A table program would take a field that begins so for a formula. */
static bool is_formula(struct core_str text)
{
    return text.len > 0 && strchr("=+-@\t\r", text.ptr[0]);
}

static void csv_field(struct core_buf *out, struct core_str text, char end)
{
    core_buf_add_c(out, is_formula(text) ? "\"'" : "\"");
    for (size_t i = 0; i < text.len; i++) {
        core_buf_add_c(out, text.ptr[i] == '"' ? "\"" : "");
        core_buf_add_byte(out, text.ptr[i]);
    }
    core_buf_add_byte(out, '"');
    core_buf_add_c(out, end == '\n' ? "\r\n" : ",");
}

static int csv_row(void *arg, const struct account_audit_row *row)
{
    struct core_buf *out = arg;
    char at[CORE_TIME_SIZE];
    core_time_format(row->at_ms, at);
    core_buf_addf(out, "%lld,%s,", (long long)row->seq, at);
    const struct core_str fields[] = {row->act,    row->outcome, row->actor,   row->name,
                                      row->login,  row->key,     row->address, row->request,
                                      row->object, row->detail};
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        csv_field(out, fields[i], i + 1 < sizeof fields / sizeof *fields ? ',' : '\n');
    }
    return core_buf_error(out);
}

static void csv_run(struct gate_request *r, void *arg)
{
    struct audit *audit = arg;
    core_buf_add_c(gate_reply_buf(r), "seq,at,act,outcome,actor,name,login,key,address,request,"
                                      "object,detail\r\n");
    audit->err = account_audit_list(gate_request_services(r)->store, &audit->query, csv_row,
                                    gate_reply_buf(r));
}

static void csv_done(struct gate_request *r, void *arg)
{
    struct audit *audit = arg;
    if (audit->err) {
        reply_done(r, arg);
    } else {
        gate_reply_header(r, "content-disposition", CORE_STR("attachment; filename=\"audit.csv\""));
        gate_reply(r, 200, "text/csv; charset=utf-8", core_buf_str(gate_reply_buf(r)));
    }
}

/* --- JSON ------------------------------------------------------------------------------------- */

static void list_run(struct gate_request *r, void *arg)
{
    struct audit *audit = arg;
    audit->err = account_audit_list_out(gate_request_services(r)->store, &audit->query,
                                        gate_reply_buf(r));
}

void handle_audit(struct gate_request *r)
{
    struct audit *audit = audit_new(r);
    if (!audit) {
        return;
    }
    audit->limit = 100;
    if (!query_int(r, "limit", 1, GATE_LIMIT_PAGE, &audit->limit) ||
        !query_int(r, "before", 1, INT64_MAX, &audit->before) ||
        !query_str(r, "act", FIELD_OPTIONAL, 64, &audit->act) ||
        !query_str(r, "actor", FIELD_OPTIONAL, 64, &audit->actor)) {
        return;
    }
    audit->query = (struct account_audit_query){.before = audit->before,
                                                .act = audit->act,
                                                .actor = audit->actor,
                                                .limit = (unsigned)audit->limit};
    if (core_str_find(gate_request_header(r, "accept"), CORE_STR("text/csv")) >= 0) {
        gate_work(r, csv_run, csv_done, audit);
    } else {
        gate_work(r, list_run, reply_done, audit);
    }
}

static void verify_run(struct gate_request *r, void *arg)
{
    struct audit *audit = arg;
    audit->err = account_audit_verify_out(gate_request_services(r)->store, gate_reply_buf(r));
}

void handle_audit_verify(struct gate_request *r)
{
    struct audit *audit = audit_new(r);
    if (audit) {
        gate_work(r, verify_run, reply_done, audit);
    }
}

/* `sky user token` reads a file; the server that runs beside it writes that down. */
void handle_audit_add(struct gate_request *r)
{
    core_json body = gate_request_json(r);
    struct core_str act = {0};
    char detail[48];
    int64_t uid = -1;
    if (!body || !field_str(r, body, "act", FIELD_REQUIRED, 1, 64, &act) ||
        !field_int(r, body, "uid", FIELD_OPTIONAL, 0, UINT32_MAX, &uid)) {
        return;
    }
    if (!core_str_eq_c(act, account_act_name(ACCOUNT_ACT_TOKEN_PRINTED))) {
        field_problem(r, "act", "must be token.printed");
        return;
    }
    const struct account_actor by = gate_request_actor(r);
    snprintf(detail, sizeof detail, "{\"uid\":%lld}", (long long)uid);
    account_audit(gate_request_services(r)->accounts,
                  &(const struct account_event){.act = ACCOUNT_ACT_TOKEN_PRINTED,
                                                .by = &by,
                                                .detail = core_str(uid >= 0 ? detail : "")});
    gate_reply_empty(r, 204);
}
