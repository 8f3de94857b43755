/*
 * genom_translate.c: one text in another of its forms. Whatever it comes in becomes bytes first.
 *
 *     text ─┬─ tokens ["T-00847", …]   ids [847, …]   hex ["0x034F", …]   phases [123, …]
 *           └─ binary (base64)   message "GENOM|…"
 */
#include "gate/handler/genom.h"

#include <stdio.h>

enum form { FORM_TEXT, FORM_TOKENS, FORM_IDS, FORM_HEX, FORM_PHASES, FORM_BINARY, FORM_MESSAGE };
static const char *const forms[] = {"text", "tokens", "ids", "hex", "phases", "binary", "message"};
#define FORMS (sizeof forms / sizeof *forms)

struct translation {
    struct genom_task task;
    enum form from, to;
    core_json value;
    struct core_buf text;
};

static bool read_form(struct gate_request *r, core_json body, const char *name, enum form *ret)
{
    struct core_str form;
    if (!field_str(r, body, name, FIELD_REQUIRED, 1, 16, &form)) {
        return false;
    }
    for (unsigned i = 0; i < FORMS; i++) {
        if (core_str_eq_c(form, forms[i])) {
            *ret = (enum form)i;
            return true;
        }
    }
    field_problem(r, name, "must be text, tokens, ids, hex, phases, binary or message");
    return false;
}

static void wrong(struct genom_problem *p, const char *must)
{
    genom_problem_set(p, 400, "invalid-field", "A field is not valid", "`value` %s", must);
}

/* --- From ----------------------------------------------------------------------------------- */

/* One id in the form it comes in. */
static bool read_one(const struct genom_dict *dict, enum form form, core_json item, uint32_t *ret)
{
    int64_t number;
    struct core_str text;
    if (form == FORM_IDS || form == FORM_PHASES) {
        if (core_json_i64(item, &number) || number < 0 || number > UINT32_MAX) {
            return false;
        }
        *ret = form == FORM_IDS ? (uint32_t)number : genom_at_phase(dict, (uint32_t)number);
        return true;
    }
    const char *start = form == FORM_TOKENS ? "T-" : "0x";
    return !core_json_str(item, &text) && core_str_starts(text, core_str(start)) &&
           genom_id_read(text.ptr, text.len, ret);
}

static void from_ids(struct gate_request *r, struct translation *t)
{
    const struct genom_dict *dict = gate_request_services(r)->genom;
    struct core_json_iter it = core_json_iter(t->value);
    struct core_buf ids;
    struct core_str key;
    core_json item;
    size_t count = 0, len, bad = 0;
    if (core_json_type(t->value) != CORE_JSON_ARRAY) {
        wrong(&t->task.problem, "must be an array in this form");
        return;
    }
    core_buf_init(&ids, GATE_LIMIT_GENOM_TEXT);
    for (; core_json_next(&it, &key, &item); count++) {
        uint32_t id;
        if (!read_one(dict, t->from, item, &id)) {
            genom_problem_set(&t->task.problem, 400, "invalid-field", "A field is not valid",
                              "`value`, item %zu, has not the form that `from` says", count);
            goto out;
        }
        if (core_buf_add(&ids, &id, sizeof id)) {
            wrong(&t->task.problem, "has too many items");
            goto out;
        }
    }
    char *room = core_buf_reserve(&t->text, GATE_LIMIT_GENOM_TEXT);
    int err = !room ? GENOM_ESPACE
                    : genom_text(dict, (const uint32_t *)(const void *)ids.ptr, count, room,
                                 GATE_LIMIT_GENOM_TEXT, &len, &bad);
    if (err == GENOM_EDATA) {
        genom_problem_set(&t->task.problem, 422, "unknown-token", "The token is not known",
                          "item %zu of `value` is no token, or a control out of its place", bad);
    } else if (err) {
        wrong(&t->task.problem, "would be a text larger than 4 MiB");
    } else {
        core_buf_grew(&t->text, len);
    }
out:
    core_buf_done(&ids);
}

static void from_string(struct gate_request *r, struct translation *t)
{
    const struct genom_dict *dict = gate_request_services(r)->genom;
    struct core_pool *pool = gate_request_pool(r);
    struct core_str value, coded;
    if (core_json_str(t->value, &value) || value.len > GATE_LIMIT_GENOM_TEXT) {
        wrong(&t->task.problem, "must be a string of at most 4 MiB in this form");
    } else if (t->from == FORM_TEXT) {
        core_buf_add_str(&t->text, value);
    } else if (t->from == FORM_MESSAGE) {
        if (!genom_read_message(dict, value, pool, &coded, &t->task.problem)) {
            genom_decode_into(dict, coded, &t->text, &t->task.problem);
        }
    } else if (genom_read_base64(value, pool, &coded)) {
        wrong(&t->task.problem, "must be base64");
    } else {
        genom_decode_into(dict, coded, &t->text, &t->task.problem);
    }
}

/* --- To ------------------------------------------------------------------------------------- */

static void out_id(struct core_json_out *o, const struct genom_dict *dict, enum form form,
                   uint32_t id)
{
    struct genom_token token;
    char text[GENOM_ID_TEXT];
    if (form == FORM_IDS) {
        core_json_out_u64(o, NULL, id);
    } else if (form == FORM_PHASES) {
        genom_token(dict, id, &token);
        core_json_out_u64(o, NULL, token.phase);
    } else {
        (form == FORM_TOKENS ? genom_id_token : genom_id_hex)(id, text);
        core_json_out_c(o, NULL, text);
    }
}

static void to_ids(struct gate_request *r, struct translation *t, struct core_json_out *o)
{
    const struct genom_dict *dict = gate_request_services(r)->genom;
    struct core_buf ids;
    /* At most six ids a byte: JOIN, SPELL, the byte, END, and casing. */
    size_t count = genom_ids(dict, t->text.ptr, t->text.len, NULL, 0);
    core_buf_init(&ids, count * sizeof(uint32_t) + 1);
    char *room = core_buf_reserve(&ids, count * sizeof(uint32_t));
    if (count > GATE_LIMIT_GENOM_IDS || !room) {
        wrong(&t->task.problem, "has too many tokens for this form: send it in parts");
    } else {
        uint32_t *list = (uint32_t *)(void *)room;
        genom_ids(dict, t->text.ptr, t->text.len, list, count);
        core_json_out_array(o, "value");
        for (size_t i = 0; i < count; i++) {
            out_id(o, dict, t->to, list[i]);
        }
        core_json_out_end(o);
    }
    core_buf_done(&ids);
}

static void to_string(struct gate_request *r, struct translation *t, struct core_json_out *o)
{
    const struct genom_dict *dict = gate_request_services(r)->genom;
    struct core_str text = core_buf_str(&t->text);
    struct core_buf coded;
    size_t len;
    if (t->to == FORM_TEXT) {
        if (core_utf8_valid(text)) {
            core_json_out_str(o, "value", text);
        } else {
            genom_problem_set(&t->task.problem, 422, "not-utf-8", "The text is not UTF-8",
                              "ask for `to` binary, which holds any bytes");
        }
        return;
    }
    core_buf_init(&coded, genom_encode_bound(text.len) + 1);
    char *room = core_buf_reserve(&coded, genom_encode_bound(text.len));
    if (!room || genom_encode(dict, GENOM_FAST, text.ptr, text.len, room,
                              genom_encode_bound(text.len), &len)) {
        genom_problem_set(&t->task.problem, 503, "busy", "The server is busy",
                          "no memory is left for this");
    } else if (t->to == FORM_BINARY) {
        genom_out_base64(o, "value", core_strn(room, len));
    } else {
        genom_out_message(o, "value", r, 0, core_strn(room, len));
    }
    core_buf_done(&coded);
}

static void translate_run(struct gate_request *r, struct genom_task *task)
{
    struct translation *t = (struct translation *)task;
    struct core_json_out o;
    bool ids = t->from >= FORM_TOKENS && t->from <= FORM_PHASES;
    core_buf_init(&t->text, GATE_LIMIT_GENOM_TEXT);
    (ids ? from_ids : from_string)(r, t);
    core_json_out_init(&o, gate_reply_buf(r));
    core_json_out_object(&o, NULL);
    if (!t->task.problem.status) {
        ids = t->to >= FORM_TOKENS && t->to <= FORM_PHASES;
        (ids ? to_ids : to_string)(r, t, &o);
    }
    core_json_out_end(&o);
    core_buf_done(&t->text);
}

void handle_genom_translate(struct gate_request *r)
{
    core_json body;
    if (!genom_dict_of(r) || !(body = gate_request_json(r))) {
        return;
    }
    struct translation *t = core_pool_alloc(gate_request_pool(r), sizeof *t);
    if (!t) {
        gate_reply_error(r, CORE_ENOMEM, NULL);
        return;
    }
    *t = (struct translation){.task.run = translate_run, .value = core_json_get(body, "value")};
    if (!read_form(r, body, "from", &t->from) || !read_form(r, body, "to", &t->to)) {
        return;
    }
    enum core_json_type type = core_json_type(t->value);
    if (type == CORE_JSON_ABSENT || type == CORE_JSON_NULL) {
        field_problem(r, "value", "is required");
        return;
    }
    bool coded = t->from == FORM_BINARY || t->from == FORM_MESSAGE;
    genom_task_start(r, &t->task,
                     gate_request_body(r).len * (coded ? GATE_LIMIT_GENOM_CODED_BYTE : 1));
}
