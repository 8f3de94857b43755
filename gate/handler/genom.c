/*
 * genom.c: what the handlers of GENOM share: reading
 * texts and coded texts, writing tokens and messages.
 */
#include "core/version.h"
#include "gate/handler/genom.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

/* --- Problems ------------------------------------------------------------------------------- */

void genom_problem_set(struct genom_problem *p, int status, const char *slug, const char *title,
                       const char *format, ...)
{
    va_list args;
    p->status = status;
    p->slug = slug;
    p->title = title;
    va_start(args, format);
    vsnprintf(p->detail, sizeof p->detail, format, args);
    va_end(args);
}

static int field_wrong(struct genom_problem *p, const char *name, const char *must)
{
    genom_problem_set(p, 400, "invalid-field", "A field is not valid", "`%s` %s", name, must);
    return CORE_EINVAL;
}

const struct genom_dict *genom_dict_of(struct gate_request *r)
{
    const struct gate_services *s = gate_request_services(r);
    if (!s->genom) {
        gate_reply_problem(r, 503, "no-dictionary", "GENOM has no dictionary",
                           CORE_SETUP("genom") ", or start the server with --genom-path");
    } else if (s->genom_damaged && atomic_load(s->genom_damaged)) {
        gate_reply_problem(r, 503, "damaged-dictionary", "The dictionary is damaged",
                           "remove the file, " CORE_SETUP("genom") " and start the server again");
        return NULL;
    }
    return s->genom;
}

/* --- Tasks ---------------------------------------------------------------------------------- */

static void task_done(struct gate_request *r, void *arg)
{
    struct genom_task *task = arg;
    if (task->problem.status) {
        gate_reply_problem(r, task->problem.status, task->problem.slug, task->problem.title,
                           task->problem.detail);
    } else {
        gate_reply_json(r, 200);
    }
}

static void task_run(struct gate_request *r, void *arg)
{
    struct genom_task *task = arg;
    task->run(r, task);
}

static void task_gone(struct gate_request *r, void *arg)
{
    (void)r;
    struct genom_task *task = arg;
    atomic_store(&task->gone, true);
}

void genom_task_start(struct gate_request *r, struct genom_task *task, size_t input)
{
    if (input > GATE_LIMIT_GENOM_AT_ONCE) {
        gate_request_on_gone(r, task_gone, task);
        gate_work(r, task_run, task_done, task);
    } else {
        task_run(r, task);
        task_done(r, task);
    }
}

/* --- Reading -------------------------------------------------------------------------------- */

int genom_read_base64(struct core_str base64, struct core_pool *pool, struct core_str *ret)
{
    size_t cap = base64.len / 4 * 3 + 3;
    unsigned char *bytes = core_pool_alloc(pool, cap);
    if (!bytes) {
        return CORE_ENOMEM;
    }
    ssize_t len = core_base64_decode(base64, bytes, cap);
    if (len < 0) {
        return (int)len;
    }
    *ret = core_strn(bytes, (size_t)len);
    return 0;
}

static bool is_there(core_json item, const char *name)
{
    enum core_json_type type = core_json_type(core_json_get(item, name));
    return type != CORE_JSON_ABSENT && type != CORE_JSON_NULL;
}

int genom_read_text(core_json item, struct core_pool *pool, struct core_str *ret,
                    struct genom_problem *problem)
{
    struct core_str value;
    bool bytes = is_there(item, "bytes");
    if (bytes == is_there(item, "text")) {
        return field_wrong(problem, "text", "or `bytes` is required, one of them");
    }
    const char *name = bytes ? "bytes" : "text";
    if (core_json_str(core_json_get(item, name), &value)) {
        return field_wrong(problem, name, "must be a string");
    }
    if (value.len > GATE_LIMIT_GENOM_TEXT) {
        return field_wrong(problem, name, "is too large: send at most 4 MiB at a time");
    }
    if (bytes && genom_read_base64(value, pool, &value)) {
        return field_wrong(problem, name, "must be base64");
    }
    *ret = value;
    return 0;
}

int genom_read_message(const struct genom_dict *dict, struct core_str message,
                       struct core_pool *pool, struct core_str *ret, struct genom_problem *problem)
{
    size_t cap = message.len / 4 * 3 + 3;
    uint8_t *payload = core_pool_alloc(pool, cap);
    struct genom_message m;
    if (!payload) {
        genom_problem_set(problem, 503, "busy", "The server is busy", "no memory is left for this");
        return CORE_ENOMEM;
    }
    int err = genom_message_get_text(message.ptr, message.len, payload, cap, &m);
    if (err) {
        genom_problem_set(problem, 422, "not-a-message", "Not a GENOM message", "%s",
                          err == GENOM_EVERSION ? "its version is not 1"
                                                : "a field is wrong, or its checksum is not that "
                                                  "of its characters");
        return CORE_EINVAL;
    }
    if (m.dict != genom_dict_id(dict)) {
        genom_problem_set(problem, 422, "unknown-dictionary", "The dictionary is not known",
                          "the message was made with dictionary %08x, this node has %08x", m.dict,
                          genom_dict_id(dict));
        return CORE_EMISMATCH;
    }
    *ret = core_strn(m.payload, m.len);
    return 0;
}

int genom_read_coded(const struct genom_dict *dict, core_json item, struct core_pool *pool,
                     struct core_str *ret, struct genom_problem *problem)
{
    struct core_str value;
    bool binary = is_there(item, "binary");
    if (binary == is_there(item, "genom_message")) {
        return field_wrong(problem, "genom_message", "or `binary` is required, one of them");
    }
    const char *name = binary ? "binary" : "genom_message";
    if (core_json_str(core_json_get(item, name), &value)) {
        return field_wrong(problem, name, "must be a string");
    }
    if (!binary) {
        return genom_read_message(dict, value, pool, ret, problem);
    }
    return genom_read_base64(value, pool, ret) ? field_wrong(problem, name, "must be base64") : 0;
}

int genom_decode_into(const struct genom_dict *dict, struct core_str coded, struct core_buf *out,
                      struct genom_problem *problem)
{
    /* Nobody knows how long the text is: most are a few times longer. Time is linear in the
     * room. */
    for (size_t cap = coded.len * 4 + 256;; cap *= 4) {
        size_t len;
        if (cap > GATE_LIMIT_GENOM_TEXT) {
            cap = GATE_LIMIT_GENOM_TEXT;
        }
        char *room = core_buf_reserve(out, cap);
        int err = room ? genom_decode(dict, coded.ptr, coded.len, room, cap, &len) : GENOM_ESPACE;
        if (!err) {
            core_buf_grew(out, len);
            return 0;
        }
        if (err == GENOM_ESPACE && room && cap < GATE_LIMIT_GENOM_TEXT) {
            continue;
        }
        genom_problem_set(problem, 422, "not-decodable", "The bytes cannot be decoded", "%s",
                          err == GENOM_ESPACE ? "the text would be larger than 4 MiB"
                                              : genom_error_text(err));
        return CORE_EINVAL;
    }
}

/* --- Writing -------------------------------------------------------------------------------- */

void genom_out_base64(struct core_json_out *o, const char *key, struct core_str bytes)
{
    struct core_buf text;
    core_buf_init(&text, core_base64_size(bytes.len));
    char *room = core_buf_reserve(&text, core_base64_size(bytes.len) - 1);
    size_t len = room ? core_base64_encode(bytes.ptr, bytes.len, false, room) : 0;
    core_json_out_str(o, key, core_strn(room, len));
    core_buf_done(&text);
}

void genom_out_text(struct core_json_out *o, struct core_str text)
{
    if (core_utf8_valid(text)) {
        core_json_out_str(o, "text", text);
    } else {
        genom_out_base64(o, "bytes", text);
    }
}

/* None comes twice in the life of the server, or, its first being random, in that of two. */
static uint64_t message_id(const struct core_env *env)
{
    static _Atomic uint64_t next;
    if (atomic_load(&next) == 0) {
        uint64_t first, unset = 0;
        env->random(env->ctx, &first, sizeof first);
        atomic_compare_exchange_strong(&next, &unset, first | 1);
    }
    return atomic_fetch_add(&next, 1);
}

void genom_out_message(struct core_json_out *o, const char *key, struct gate_request *r,
                       uint32_t to, struct core_str coded)
{
    const struct gate_services *s = gate_request_services(r);
    struct node_info self;
    struct core_buf text;
    node_list(s->node, &self, 1);
    struct genom_message m = {
        .from = self.number,
        .to = to,
        .type = GENOM_MSG,
        .dict = genom_dict_id(s->genom),
        .id = message_id(s->env),
        .payload = (const uint8_t *)coded.ptr,
        .len = coded.len,
    };
    char near[512], *room = near;
    size_t len = 0;
    int err = genom_message_put_text(&m, near, sizeof near, &len);
    core_buf_init(&text, len + 1);
    if (err == GENOM_ESPACE) {
        room = core_buf_reserve(&text, len);
        err = room ? genom_message_put_text(&m, room, len, &len) : err;
    }
    core_json_out_str(o, key, core_strn(room, err ? 0 : len));
    core_buf_done(&text);
}

double genom_rounded(double x)
{
    return (double)(int64_t)(x * 10000 + 0.5) / 10000;
}

static void out_known(struct core_json_out *o, const struct genom_token *t)
{
    char name[GENOM_ID_TEXT];
    core_json_out_str(o, "token_id", core_strn(name, genom_id_token(t->id, name)));
    core_json_out_str(o, "hex", core_strn(name, genom_id_hex(t->id, name)));
    core_json_out_str(o, "canonical", core_strn(t->canonical.ptr, t->canonical.len));
    core_json_out_c(o, "sector", t->sector);
    core_json_out_u64(o, "quadrant", t->quadrant);
    core_json_out_double(o, "r", genom_rounded(t->r));
    core_json_out_double(o, "theta", genom_rounded(t->theta));
    core_json_out_u64(o, "phase", t->phase);
    core_json_out_bool(o, "inferred", t->inferred);
}

void genom_out_token(struct core_json_out *o, const struct genom_dict *dict, uint32_t id)
{
    struct genom_token t;
    if (genom_token(dict, id, &t)) {
        out_known(o, &t);
    }
}

/* What the dictionary says of a token lies in six places: the processor waits for those of many
 * tokens at once, which it could not with all the writing between. */
void genom_out_tokens(struct core_json_out *o, const struct genom_dict *dict, const uint32_t *ids,
                      size_t count)
{
    struct genom_token tokens[GENOM_OUT_TOKENS];
    assert(count <= GENOM_OUT_TOKENS);
    for (size_t i = 0; i < count; i++) {
        if (!genom_token(dict, ids[i], &tokens[i])) {
            tokens[i] = (struct genom_token){.id = GENOM_NONE};
        }
    }
    for (size_t i = 0; i < count; i++) {
        core_json_out_object(o, NULL);
        if (tokens[i].id != GENOM_NONE) {
            out_known(o, &tokens[i]);
        }
        core_json_out_end(o);
    }
}
