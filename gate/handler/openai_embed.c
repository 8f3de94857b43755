/*
 * openai_embed.c: POST /v1/embeddings. Vectors as numbers or, as the official Python client asks by
 * default, as base64 of little-endian 32-bit floats.
 */
#include "gate/handler/openai.h"

struct embed {
    struct gate_request *r;
    struct ai_embed embed;
    bool base64;
};

static void vector_out(struct embed *e, struct core_json_out *o, const float *vector,
                       unsigned dimensions)
{
    if (!e->base64) {
        core_json_out_array(o, "embedding");
        for (unsigned i = 0; i < dimensions; i++) {
            core_json_out_double(o, NULL, (double)vector[i]);
        }
        core_json_out_end(o);
        return;
    }
    /* x86-64 and ARM, the machines this runs on, are little-endian. */
    size_t bytes = dimensions * sizeof *vector;
    char *text = core_alloc(core_base64_size(bytes));
    size_t len = core_base64_encode(vector, bytes, false, text);
    core_json_out_str(o, "embedding", core_strn(text, len));
    free(text);
}

static void on_done(struct ai_embed *embed, int status, const float *vectors, unsigned dimensions,
                    unsigned tokens)
{
    struct embed *e = embed->arg;
    struct core_json_out o;
    if (status) {
        gate_reply_error(e->r, status,
                         status == CORE_ETOOBIG
                             ? "an input may have at most about 9,000 words: send parts of it"
                             : "the embedding model is not available: run `sky doctor`");
        return;
    }
    core_json_out_init(&o, gate_reply_buf(e->r));
    core_json_out_object(&o, NULL);
    core_json_out_c(&o, "object", "list");
    core_json_out_array(&o, "data");
    for (size_t i = 0; i < embed->count; i++) {
        core_json_out_object(&o, NULL);
        core_json_out_c(&o, "object", "embedding");
        core_json_out_u64(&o, "index", i);
        vector_out(e, &o, vectors + i * dimensions, dimensions);
        core_json_out_end(&o);
    }
    core_json_out_end(&o);
    core_json_out_c(&o, "model", OPENAI_EMBED);
    core_json_out_object(&o, "usage");
    core_json_out_u64(&o, "prompt_tokens", tokens);
    core_json_out_u64(&o, "total_tokens", tokens);
    core_json_out_end(&o);
    core_json_out_end(&o);
    gate_reply_json(e->r, 200);
}

static void on_gone(struct gate_request *r, void *arg)
{
    struct embed *e = arg;
    ai_embed_cancel(gate_request_services(r)->ai, &e->embed);
}

static bool input_read(struct embed *e, core_json body)
{
    struct gate_request *r = e->r;
    core_json input = core_json_get(body, "input");
    size_t count = core_json_type(input) == CORE_JSON_STRING ? 1 : core_json_count(input);
    bool array = core_json_type(input) == CORE_JSON_ARRAY;
    if ((!array && core_json_type(input) != CORE_JSON_STRING) || count == 0 ||
        count > GATE_LIMIT_EMBED_TEXTS) {
        field_problem(r, "input", "must be a string or a list of 1 to 256 strings");
        return false;
    }
    struct core_str *texts = core_pool_alloc(gate_request_pool(r), count * sizeof *texts);
    if (!texts) {
        gate_reply_error(r, CORE_ENOMEM, NULL);
        return false;
    }
    struct core_json_iter it = core_json_iter(input);
    struct core_str key;
    for (size_t i = 0; i < count; i++) {
        core_json item = input;
        if ((array && !core_json_next(&it, &key, &item)) || core_json_str(item, &texts[i]) ||
            texts[i].len == 0) {
            field_problem(r, "input", "must hold strings that are not empty (no token lists)");
            return false;
        }
        if (!field_text(r, "input", texts[i])) {
            return false;
        }
    }
    e->embed.texts = texts;
    e->embed.count = count;
    return true;
}

static bool embed_read(struct embed *e, core_json body)
{
    struct gate_request *r = e->r;
    struct core_str model = {0}, format = CORE_STR("float");
    int64_t dimensions = AI_EMBED_DIMENSIONS;
    if (!field_str(r, body, "model", FIELD_REQUIRED, 1, 64, &model) ||
        !field_str(r, body, "encoding_format", FIELD_OPTIONAL, 1, 16, &format) ||
        !field_int(r, body, "dimensions", FIELD_OPTIONAL, AI_EMBED_DIMENSIONS, AI_EMBED_DIMENSIONS,
                   &dimensions)) {
        return false;
    }
    if (!core_str_eq_c(model, OPENAI_EMBED)) {
        gate_reply_problem(r, 404, "model-not-found", "The model does not exist",
                           "embeddings are made by `skyai-embed`");
        return false;
    }
    e->base64 = core_str_eq_c(format, "base64");
    if (!e->base64 && !core_str_eq_c(format, "float")) {
        field_problem(r, "encoding_format", "must be float or base64");
        return false;
    }
    return input_read(e, body);
}

static void start(struct gate_request *r, void *arg)
{
    struct embed *e = arg;
    gate_request_on_gone(r, on_gone, e);
    int err = ai_embed_start(gate_request_services(r)->ai, &e->embed);
    if (err == CORE_EUNSUPPORTED) {
        gate_reply_problem(r, 503, "no-model", "There is no embedding model",
                           "`sky doctor` says what is missing");
    } else if (err) {
        gate_reply_error(r, err, NULL);
    }
}

void handle_openai_embeddings(struct gate_request *r)
{
    core_json body = gate_request_json(r);
    if (!body) {
        return;
    }
    struct embed *e = core_pool_alloc(gate_request_pool(r), sizeof *e);
    if (!e) {
        gate_reply_error(r, CORE_ENOMEM, NULL);
        return;
    }
    e->r = r;
    if (!embed_read(e, body)) {
        return;
    }
    e->embed.arg = e;
    e->embed.on_done = on_done;
    ask_begin(r, NULL, start, e);
}
