/*
 * genom_code.c: texts to GENOM and back: encode, decode, and both for many at once.
 */
#include "gate/handler/genom.h"

struct genom_counts genom_counts;

struct coding {
    struct genom_task task;
    core_json body;
    bool batch;
    uint32_t to;
    enum genom_mode mode;
    size_t tokens_left; /* to be listed, of all items */
};

/* --- Fields --------------------------------------------------------------------------------- */

static bool read_mode(struct gate_request *r, core_json body, enum genom_mode *ret)
{
    struct core_str mode = CORE_STR("fast");
    if (!field_str(r, body, "mode", FIELD_OPTIONAL, 1, 16, &mode)) {
        return false;
    }
    *ret = core_str_eq_c(mode, "dense") ? GENOM_DENSE : GENOM_FAST;
    if (*ret == GENOM_FAST && !core_str_eq_c(mode, "fast")) {
        field_problem(r, "mode", "must be \"fast\" or \"dense\"");
        return false;
    }
    return true;
}

/* "NOD7", or "*". */
static bool read_to(struct gate_request *r, core_json body, uint32_t *ret)
{
    struct core_str to = CORE_STR("*");
    int64_t number = 0;
    if (!field_str(r, body, "to", FIELD_OPTIONAL, 1, 16, &to)) {
        return false;
    }
    if (!core_str_eq_c(to, "*") &&
        (!core_str_starts(to, CORE_STR("NOD")) ||
         core_str_to_i64(core_strn(to.ptr + 3, to.len - 3), 1, GENOM_NODE_MAX, &number))) {
        field_problem(r, "to", "must be a node, NOD1 to NOD9999999, or *");
        return false;
    }
    *ret = (uint32_t)number;
    return true;
}

static bool read_items(struct gate_request *r, core_json body)
{
    core_json items = core_json_get(body, "items");
    struct core_json_iter it = core_json_iter(items);
    struct core_str key;
    core_json item;
    size_t count = 0;
    while (core_json_next(&it, &key, &item)) {
        count++;
    }
    if (core_json_type(items) != CORE_JSON_ARRAY || count == 0 || count > GATE_LIMIT_GENOM_BATCH) {
        field_problem(r, "items", "must be an array of 1 to 1000 objects");
        return false;
    }
    return true;
}

static struct coding *coding_new(struct gate_request *r, bool batch,
                                 void (*run)(struct gate_request *r, struct genom_task *task))
{
    struct coding *c;
    core_json body;
    if (!genom_dict_of(r) || !(body = gate_request_json(r)) || (batch && !read_items(r, body))) {
        return NULL;
    }
    c = core_pool_alloc(gate_request_pool(r), sizeof *c);
    if (!c) {
        gate_reply_error(r, CORE_ENOMEM, NULL);
        return NULL;
    }
    *c = (struct coding){
        .task.run = run, .body = body, .batch = batch, .tokens_left = GATE_LIMIT_GENOM_TOKENS};
    return c;
}

/* Small items may be large texts: what nobody can be sent any more is not worth a thread. */
static void check_room(struct gate_request *r, struct coding *c)
{
    if (!c->task.problem.status && core_buf_error(gate_reply_buf(r))) {
        genom_problem_set(&c->task.problem, 413, "too-large", "The answer is too large",
                          "the results up to this one have more than %u MiB: send fewer at a time",
                          GATE_LIMIT_ANSWER >> 20);
    }
}

/* Does one item after the other; a problem of one ends it and names it. */
static void each(struct gate_request *r, struct coding *c,
                 void (*one)(struct gate_request *r, struct coding *c, core_json item,
                             struct core_json_out *o))
{
    struct core_json_out o;
    struct core_str key;
    core_json item;
    size_t number = 0;
    core_json_out_init(&o, gate_reply_buf(r));
    core_json_out_object(&o, NULL);
    if (!c->batch) {
        one(r, c, c->body, &o);
        core_json_out_end(&o);
        return;
    }
    struct core_json_iter it = core_json_iter(core_json_get(c->body, "items"));
    core_json_out_array(&o, "results");
    while (c->task.problem.status == 0 && !atomic_load(&c->task.gone) &&
           core_json_next(&it, &key, &item)) {
        core_json_out_object(&o, NULL);
        one(r, c, item, &o);
        core_json_out_end(&o);
        check_room(r, c);
        if (c->task.problem.status) {
            struct genom_problem p = c->task.problem;
            genom_problem_set(&c->task.problem, p.status, p.slug, p.title, "item %zu: %.200s",
                              number, p.detail);
        }
        number++;
    }
    core_json_out_end(&o);
    core_json_out_end(&o);
}

/* --- Encoding ------------------------------------------------------------------------------- */

/* What a text was cut into as far as `at`; most are cut once, for both the code and the tokens. */
struct cut {
    struct genom_piece pieces[64];
    size_t count, at;
};

static bool cut_more(const struct genom_dict *dict, struct core_str text, struct cut *cut)
{
    cut->count = genom_pieces(dict, text.ptr, text.len, &cut->at, cut->pieces, 64);
    return cut->count > 0;
}

/* Tokens to be listed, some of them not yet. */
struct listing {
    struct core_json_out *o;
    const struct genom_dict *dict;
    uint32_t ids[GENOM_OUT_TOKENS];
    size_t count, all, left;
};

static void list_out(struct listing *l)
{
    genom_out_tokens(l->o, l->dict, l->ids, l->count);
    l->count = 0;
}

static void list_token(struct listing *l, uint32_t id)
{
    l->all++;
    if (l->left == 0) {
        return;
    }
    l->left--;
    l->ids[l->count++] = id;
    if (l->count == GENOM_OUT_TOKENS) {
        list_out(l);
    }
}

/* The tokens of a text that is cut to the end or as far as `cut` goes, those of spelled pieces
 * byte by byte, as long as some are left. */
static size_t out_tokens(struct core_json_out *o, const struct genom_dict *dict,
                         struct core_str text, struct cut *cut, size_t *left)
{
    struct listing l = {.o = o, .dict = dict, .left = *left};
    core_json_out_array(o, "tokens");
    for (bool more = cut->count > 0; more; more = cut_more(dict, text, cut)) {
        for (size_t i = 0; i < cut->count; i++) {
            const struct genom_piece *piece = &cut->pieces[i];
            if (piece->id != GENOM_NONE) {
                list_token(&l, piece->id);
                continue;
            }
            for (size_t b = 0; b < piece->len; b++) {
                list_token(&l, genom_lookup(dict, text.ptr + piece->at + b, 1));
            }
        }
    }
    list_out(&l);
    core_json_out_end(o);
    *left = l.left;
    return l.all;
}

static void count_up(struct core_str text, struct core_str coded)
{
    atomic_fetch_add(&genom_counts.texts, 1);
    atomic_fetch_add(&genom_counts.text_bytes, text.len);
    atomic_fetch_add(&genom_counts.coded_bytes, coded.len);
}

static void out_encoded(struct gate_request *r, struct coding *c, struct core_json_out *o,
                        struct core_str text, struct core_str coded, struct cut *cut)
{
    const struct genom_dict *dict = gate_request_services(r)->genom;
    genom_out_message(o, "genom_message", r, c->to, coded);
    core_json_out_object(o, "intent");
    genom_out_intent(o, text);
    core_json_out_end(o);
    size_t count = out_tokens(o, dict, text, cut, &c->tokens_left);
    core_json_out_u64(o, "token_count", count);
    core_json_out_double(o, "compression_ratio",
                         text.len ? (double)coded.len / (double)text.len : 1);
    core_json_out_c(o, "mode", c->mode == GENOM_DENSE ? "dense" : "fast");
    core_json_out_u64(o, "input_bytes", text.len);
    core_json_out_u64(o, "binary_bytes", coded.len);
    genom_out_base64(o, "binary", coded);
    if (c->tokens_left == 0) {
        core_json_out_bool(o, "tokens_cut", true);
    }
}

static int encode(const struct genom_dict *dict, enum genom_mode mode, struct core_str text,
                  const struct cut *cut, struct core_buf *out)
{
    size_t cap = genom_encode_bound(text.len), len;
    char *room = core_buf_reserve(out, cap);
    int err = !room ? GENOM_ESPACE
              : mode == GENOM_FAST && cut->at == text.len
                  ? genom_encode_pieces(dict, text.ptr, text.len, cut->pieces, cut->count, room,
                                        cap, &len)
                  : genom_encode(dict, mode, text.ptr, text.len, room, cap, &len);
    if (!err) {
        core_buf_grew(out, len);
    }
    return err;
}

static void encode_one(struct gate_request *r, struct coding *c, core_json item,
                       struct core_json_out *o)
{
    const struct genom_dict *dict = gate_request_services(r)->genom;
    struct core_buf coded;
    struct core_str text;
    struct cut cut;
    if (genom_read_text(item, gate_request_pool(r), &text, &c->task.problem)) {
        return;
    }
    core_buf_init(&coded, genom_encode_bound(text.len) + 1);
    cut.at = 0;
    cut_more(dict, text, &cut);
    if (!encode(dict, c->mode, text, &cut, &coded)) {
        count_up(text, core_buf_str(&coded));
        out_encoded(r, c, o, text, core_buf_str(&coded), &cut);
    } else {
        genom_problem_set(&c->task.problem, 503, "busy", "The server is busy",
                          "no memory is left for this");
    }
    core_buf_done(&coded);
}

static void encode_run(struct gate_request *r, struct genom_task *task)
{
    each(r, (struct coding *)task, encode_one);
}

static void encode_begin(struct gate_request *r, bool batch)
{
    struct coding *c = coding_new(r, batch, encode_run);
    if (c && read_mode(r, c->body, &c->mode) && read_to(r, c->body, &c->to)) {
        genom_task_start(r, &c->task, gate_request_body(r).len);
    }
}

void handle_genom_encode(struct gate_request *r)
{
    encode_begin(r, false);
}

void handle_genom_encode_batch(struct gate_request *r)
{
    encode_begin(r, true);
}

/* --- Decoding ------------------------------------------------------------------------------- */

static void decode_one(struct gate_request *r, struct coding *c, core_json item,
                       struct core_json_out *o)
{
    const struct genom_dict *dict = gate_request_services(r)->genom;
    struct core_str coded;
    struct core_buf text;
    if (genom_read_coded(dict, item, gate_request_pool(r), &coded, &c->task.problem)) {
        return;
    }
    core_buf_init(&text, GATE_LIMIT_GENOM_TEXT);
    if (!genom_decode_into(dict, coded, &text, &c->task.problem)) {
        atomic_fetch_add(&genom_counts.decoded, 1);
        genom_out_text(o, core_buf_str(&text));
    }
    core_buf_done(&text);
}

static void decode_run(struct gate_request *r, struct genom_task *task)
{
    each(r, (struct coding *)task, decode_one);
}

static void decode_begin(struct gate_request *r, bool batch)
{
    struct coding *c = coding_new(r, batch, decode_run);
    if (c) {
        genom_task_start(r, &c->task, gate_request_body(r).len * GATE_LIMIT_GENOM_CODED_BYTE);
    }
}

void handle_genom_decode(struct gate_request *r)
{
    decode_begin(r, false);
}

void handle_genom_decode_batch(struct gate_request *r)
{
    decode_begin(r, true);
}
