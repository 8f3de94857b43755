/* front_audit.c: the audit log as front.c gives it to the handlers. */
#include "account/account.h"

#include <assert.h>

const char *account_act_name(enum account_act act)
{
    assert(act < ACCOUNT_ACT_COUNT);
    return "token.printed";
}

void account_audit(struct accounts *accounts, const struct account_event *event)
{
    (void)accounts;
    assert(event->act < ACCOUNT_ACT_COUNT);
}

int account_audit_list(struct store *store, const struct account_audit_query *query,
                       int (*on_row)(void *arg, const struct account_audit_row *row), void *arg)
{
    const struct account_audit_row row = {
        .seq = 1, .name = CORE_STR("=\"1"), .detail = CORE_STR("{}")};
    (void)store;
    assert(query->act.len <= 64 && core_utf8_valid(query->act));
    assert(query->actor.len <= 64 && core_utf8_valid(query->actor));
    assert(query->before >= 0 && query->limit >= 1);
    return on_row(arg, &row);
}

int account_audit_list_out(struct store *store, const struct account_audit_query *query,
                           struct core_buf *out)
{
    (void)store;
    assert(query->act.len <= 64 && core_utf8_valid(query->act));
    assert(query->actor.len <= 64 && core_utf8_valid(query->actor));
    return core_buf_add_str(out, CORE_STR("{\"audit\":[],\"next\":null}"));
}

int account_audit_verify_out(struct store *store, struct core_buf *out)
{
    (void)store;
    return core_buf_add_str(out, CORE_STR("{\"ok\":true,\"rows\":0,\"first\":0,\"last\":0,"
                                          "\"head\":\"\",\"bad\":null,\"what\":null}"));
}
