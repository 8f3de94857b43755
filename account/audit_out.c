/* audit_out.c: the audit log as JSON: the same from
 * a server and from `sky admin audit` without one. */
#include "account/room.h"

#include "core/json.h"

#include <stdio.h>

void account_audit_row_out(struct core_json_out *o, const struct account_audit_row *row)
{
    char at[CORE_TIME_SIZE];
    core_time_format(row->at_ms, at);
    core_json_out_object(o, NULL);
    core_json_out_i64(o, "seq", row->seq);
    core_json_out_c(o, "at", at);
    core_json_out_str(o, "act", row->act);
    core_json_out_str(o, "outcome", row->outcome);
    core_json_out_object(o, "actor");
    core_json_out_str(o, "id", row->actor);
    core_json_out_str(o, "name", row->name);
    core_json_out_str(o, "login", row->login);
    core_json_out_str(o, "key", row->key);
    core_json_out_str(o, "address", row->address);
    core_json_out_str(o, "request", row->request);
    core_json_out_end(o);
    core_json_out_str(o, "object", row->object);
    core_json_out_raw(o, "detail", row->detail);
    core_json_out_end(o);
}

struct page {
    struct core_json_out out;
    unsigned limit, count;
    int64_t last;
    bool more;
};

static int on_row(void *arg, const struct account_audit_row *row)
{
    struct page *page = arg;
    if (page->count == page->limit) {
        page->more = true;
        return 1;
    }
    page->count++;
    page->last = row->seq;
    account_audit_row_out(&page->out, row);
    return 0;
}

int account_audit_list_out(struct store *store, const struct account_audit_query *query,
                           struct core_buf *out)
{
    struct account_audit_query one_more = *query;
    struct page page = {.limit = query->limit};
    char next[24];
    one_more.limit++;
    core_json_out_init(&page.out, out);
    core_json_out_object(&page.out, NULL);
    core_json_out_array(&page.out, "audit");
    int err = account_audit_list(store, &one_more, on_row, &page);
    core_json_out_end(&page.out);
    snprintf(next, sizeof next, "%lld", (long long)page.last);
    core_json_out_c(&page.out, "next", page.more ? next : NULL);
    core_json_out_end(&page.out);
    return err < 0 ? err : core_buf_error(out);
}

int account_audit_verify_out(struct store *store, struct core_buf *out)
{
    struct account_audit_report report;
    struct core_json_out o;
    int err = account_audit_verify(store, &report);
    if (err) {
        return err;
    }
    core_json_out_init(&o, out);
    core_json_out_object(&o, NULL);
    core_json_out_bool(&o, "ok", report.bad == 0);
    core_json_out_i64(&o, "rows", report.rows);
    core_json_out_i64(&o, "first", report.first);
    core_json_out_i64(&o, "last", report.last);
    core_json_out_c(&o, "head", report.bad ? NULL : report.head);
    if (report.bad) {
        core_json_out_i64(&o, "bad", report.bad);
        core_json_out_c(&o, "what", report.what);
    } else {
        core_json_out_null(&o, "bad");
        core_json_out_null(&o, "what");
    }
    core_json_out_end(&o);
    return core_buf_error(out);
}
