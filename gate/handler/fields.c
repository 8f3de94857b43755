/*
 * fields.c: reading the fields of a body and the values of a query, with errors that name them.
 */
#include "gate/handler/handlers.h"

#include <stdio.h>

void field_problem(struct gate_request *r, const char *name, const char *must)
{
    char detail[256];
    snprintf(detail, sizeof detail, "`%s` %s", name, must);
    gate_reply_problem(r, 400, "invalid-field", "A field is not valid", detail);
}

/* 0: absent and allowed to be; 1: present; −1: answered. */
static int present(struct gate_request *r, core_json value, const char *name, enum field_need need)
{
    enum core_json_type type = core_json_type(value);
    if (type != CORE_JSON_ABSENT && type != CORE_JSON_NULL) {
        return 1;
    }
    if (need == FIELD_REQUIRED) {
        field_problem(r, name, "is required");
        return -1;
    }
    return 0;
}

bool field_text(struct gate_request *r, const char *name, struct core_str text)
{
    /* Refused here, before an answer is made that cannot be kept. */
    if (core_str_find_byte(text, '\0') >= 0) {
        field_problem(r, name, "must not hold the character U+0000");
        return false;
    }
    return true;
}

bool field_str(struct gate_request *r, core_json body, const char *name, enum field_need need,
               size_t min, size_t max, struct core_str *ret)
{
    core_json value = core_json_get(body, name);
    struct core_str s;
    char must[96];
    int state = present(r, value, name, need);
    if (state <= 0) {
        return state == 0;
    }
    if (core_json_str(value, &s)) {
        field_problem(r, name, "must be a string");
        return false;
    }
    if (s.len < min || s.len > max) {
        snprintf(must, sizeof must, "must have %zu to %zu bytes", min, max);
        field_problem(r, name, must);
        return false;
    }
    if (!field_text(r, name, s)) {
        return false;
    }
    *ret = s;
    return true;
}

bool field_int(struct gate_request *r, core_json body, const char *name, enum field_need need,
               int64_t min, int64_t max, int64_t *ret)
{
    core_json value = core_json_get(body, name);
    int64_t n;
    char must[96];
    int state = present(r, value, name, need);
    if (state <= 0) {
        return state == 0;
    }
    if (core_json_i64(value, &n) || n < min || n > max) {
        snprintf(must, sizeof must, "must be an integer from %lld to %lld", (long long)min,
                 (long long)max);
        field_problem(r, name, must);
        return false;
    }
    *ret = n;
    return true;
}

bool field_limit(struct gate_request *r, core_json body, const char *name, int64_t min, int64_t max,
                 int64_t *ret, bool *ret_given)
{
    enum core_json_type type = core_json_type(core_json_get(body, name));
    int64_t n = ACCOUNT_UNLIMITED;
    if (!field_int(r, body, name, FIELD_OPTIONAL, min, max, &n)) {
        return false;
    }
    if (ret_given) {
        *ret_given = type != CORE_JSON_ABSENT;
    }
    if (type != CORE_JSON_ABSENT) {
        *ret = n;
    }
    return true;
}

bool field_double(struct gate_request *r, core_json body, const char *name, double min, double max,
                  double *ret)
{
    core_json value = core_json_get(body, name);
    double n;
    char must[96];
    if (present(r, value, name, FIELD_OPTIONAL) == 0) {
        return true;
    }
    if (core_json_double(value, &n) || !(n >= min && n <= max)) {
        snprintf(must, sizeof must, "must be a number from %g to %g", min, max);
        field_problem(r, name, must);
        return false;
    }
    *ret = n;
    return true;
}

bool field_bool(struct gate_request *r, core_json body, const char *name, bool *ret)
{
    core_json value = core_json_get(body, name);
    if (present(r, value, name, FIELD_OPTIONAL) == 0) {
        return true;
    }
    if (core_json_bool(value, ret)) {
        field_problem(r, name, "must be true or false");
        return false;
    }
    return true;
}

bool field_level(struct gate_request *r, const char *name, struct core_str value, int64_t *ret)
{
    if (value.len != 2 || value.ptr[0] != 'L' || value.ptr[1] < '0' || value.ptr[1] > '5') {
        field_problem(r, name, "must be one of L0, L1, L2, L3, L4, L5");
        return false;
    }
    *ret = value.ptr[1] - '0';
    return true;
}

bool query_int(struct gate_request *r, const char *name, int64_t min, int64_t max, int64_t *ret)
{
    struct core_str text;
    char must[96];
    if (!gate_request_query(r, name, &text)) {
        return true;
    }
    if (core_str_to_i64(text, min, max, ret)) {
        snprintf(must, sizeof must, "must be an integer from %lld to %lld", (long long)min,
                 (long long)max);
        field_problem(r, name, must);
        return false;
    }
    return true;
}

bool query_str(struct gate_request *r, const char *name, enum field_need need, size_t max,
               struct core_str *ret)
{
    struct core_str text;
    if (!gate_request_query(r, name, &text) || text.len == 0) {
        if (need == FIELD_REQUIRED) {
            field_problem(r, name, "is required");
            return false;
        }
        return true;
    }
    if (text.len > max) {
        field_problem(r, name, "is too long");
        return false;
    }
    *ret = text;
    return true;
}

bool query_cursor(struct gate_request *r, const char *name, struct core_str *ret)
{
    struct core_str text = {0};
    if (!query_str(r, name, FIELD_OPTIONAL, CORE_ID_SIZE - 1, &text)) {
        return false;
    }
    if (text.len > 0 && !core_id_valid(text) && !core_str_eq_c(text, "owner")) {
        field_problem(r, name, "must be the `next` of a page");
        return false;
    }
    *ret = text;
    return true;
}

bool query_days(struct gate_request *r, const char *name, int64_t *ret)
{
    struct core_str text = {0};
    if (!query_str(r, name, FIELD_OPTIONAL, 8, &text)) {
        return false;
    }
    if (!text.ptr) {
        return true;
    }
    if (text.ptr[text.len - 1] != 'd' ||
        core_str_to_i64(core_strn(text.ptr, text.len - 1), 1, GATE_LIMIT_RANGE_DAYS, ret)) {
        field_problem(r, name, "must be a number of days such as 30d, at most 400d");
        return false;
    }
    return true;
}

void out_time(struct core_json_out *o, const char *key, int64_t wall_ms)
{
    char text[CORE_TIME_SIZE];
    core_time_format(wall_ms, text);
    core_json_out_c(o, key, text);
}

void out_time_or_null(struct core_json_out *o, const char *key, int64_t wall_ms)
{
    if (wall_ms == 0) {
        core_json_out_null(o, key);
    } else {
        out_time(o, key, wall_ms);
    }
}

void out_limit(struct core_json_out *o, const char *key, int64_t value)
{
    if (value == ACCOUNT_UNLIMITED) {
        core_json_out_null(o, key);
    } else {
        core_json_out_i64(o, key, value);
    }
}

struct account_payer payer_of(const struct gate_request *r)
{
    const struct account *account = gate_request_account(r);
    return (struct account_payer){.account = account->id, .key = account->key};
}

void out_knowledge(struct core_json_out *o, const struct ai *ai)
{
    struct ai_knowledge k;
    ai_knowledge_now(ai, &k);
    core_json_out_object(o, "knowledge");
    core_json_out_i64(o, "documents", k.documents);
    core_json_out_i64(o, "chunks", k.chunks);
    core_json_out_i64(o, "vectors", k.vectors);
    core_json_out_end(o);
    core_json_out_object(o, "learning");
    core_json_out_bool(o, "active", k.learning);
    core_json_out_i64(o, "vectors_pending", k.vectors_pending);
    core_json_out_i64(o, "second_pending", k.second_pending);
    core_json_out_double(o, "rate_s", k.rate_s);
    core_json_out_double(o, "eta_s", k.eta_s);
    core_json_out_end(o);
}
