/*
 * genom_words.c: what the dictionary knows: words, tokens, neighbours, sectors, and itself.
 */
#include "gate/handler/genom.h"

#include <stdio.h>

static void reply_begin(struct gate_request *r, struct core_json_out *o)
{
    core_json_out_init(o, gate_reply_buf(r));
    core_json_out_object(o, NULL);
}

static void reply_end(struct gate_request *r, struct core_json_out *o)
{
    core_json_out_end(o);
    gate_reply_json(r, 200);
}

/* The id of a word in any casing, or of a token's form. Answers 404 itself. */
static uint32_t word_of(struct gate_request *r, const struct genom_dict *dict, struct core_str word)
{
    char detail[GATE_LIMIT_TITLE + 64];
    uint32_t id = genom_find(dict, word.ptr, word.len);
    if (id == GENOM_NONE) {
        snprintf(detail, sizeof detail, "the dictionary has no word \"%.*s\"",
                 (int)core_utf8_cut(word, GATE_LIMIT_TITLE), word.ptr);
        gate_reply_problem(r, 404, "unknown-word", "The word is not known", detail);
    }
    return id;
}

void handle_genom_lookup(struct gate_request *r)
{
    const struct genom_dict *dict = genom_dict_of(r);
    struct core_json_out o;
    uint32_t id;
    if (!dict || (id = word_of(r, dict, gate_request_param(r, "word"))) == GENOM_NONE) {
        return;
    }
    reply_begin(r, &o);
    genom_out_token(&o, dict, id);
    reply_end(r, &o);
}

void handle_genom_token(struct gate_request *r)
{
    const struct genom_dict *dict = genom_dict_of(r);
    struct core_str name = gate_request_param(r, "id");
    struct core_json_out o;
    char detail[128], last[GENOM_ID_TEXT];
    uint32_t id;
    if (!dict) {
        return;
    }
    /* The controls stand for no text: the list has none of them either. */
    if (!genom_id_read(name.ptr, name.len, &id) || id < GENOM_CONTROLS ||
        id >= genom_dict_tokens(dict)) {
        genom_id_token(genom_dict_tokens(dict) - 1, last);
        snprintf(detail, sizeof detail, "ids are T-%05u to %s, also as 0x034F or 847",
                 (unsigned)GENOM_CONTROLS, last);
        gate_reply_problem(r, 404, "not-found", "There is no such token", detail);
        return;
    }
    reply_begin(r, &o);
    genom_out_token(&o, dict, id);
    reply_end(r, &o);
}

void handle_genom_tokens(struct gate_request *r)
{
    const struct genom_dict *dict = genom_dict_of(r);
    struct core_json_out o;
    struct core_str after = CORE_STR("");
    int64_t limit = 100;
    uint32_t id = GENOM_CONTROLS, listed = 0;
    if (!dict || !query_int(r, "limit", 1, GATE_LIMIT_PAGE, &limit) ||
        !query_str(r, "after", FIELD_OPTIONAL, 32, &after)) {
        return;
    }
    if (after.len > 0) {
        if (!genom_id_read(after.ptr, after.len, &id) || id >= genom_dict_tokens(dict)) {
            field_problem(r, "after", "must be the id of a token");
            return;
        }
        id = id + 1 > GENOM_CONTROLS ? id + 1 : GENOM_CONTROLS;
    }
    reply_begin(r, &o);
    core_json_out_array(&o, "tokens");
    for (; listed < limit && id < genom_dict_tokens(dict); id++, listed++) {
        core_json_out_object(&o, NULL);
        genom_out_token(&o, dict, id);
        core_json_out_end(&o);
    }
    core_json_out_end(&o);
    if (id < genom_dict_tokens(dict)) {
        char next[GENOM_ID_TEXT];
        core_json_out_str(&o, "next", core_strn(next, genom_id_token(id - 1, next)));
    } else {
        core_json_out_null(&o, "next");
    }
    reply_end(r, &o);
}

/* --- Neighbours ----------------------------------------------------------------------------- */

struct near {
    struct genom_task task;
    uint32_t id; /* GENOM_NONE: of a text */
    struct genom_point centroid;
    size_t k;
    bool meaning;
};

static void near_of(struct core_json_out *o, const struct genom_dict *dict, const struct near *n)
{
    if (n->id != GENOM_NONE) {
        core_json_out_object(o, "token");
        genom_out_token(o, dict, n->id);
    } else {
        core_json_out_object(o, "centroid");
        core_json_out_c(o, "sector", n->centroid.sector);
        core_json_out_double(o, "r", genom_rounded(n->centroid.r));
        core_json_out_double(o, "theta", genom_rounded(n->centroid.theta));
        core_json_out_u64(o, "token_count", n->centroid.tokens);
    }
    core_json_out_end(o);
}

static void near_run(struct gate_request *r, struct genom_task *task)
{
    struct near *n = (struct near *)task;
    const struct genom_dict *dict = gate_request_services(r)->genom;
    struct genom_near near[GENOM_NEAR_MAX];
    struct core_json_out o;
    size_t count = n->id == GENOM_NONE ? genom_near_phase(dict, n->centroid.phase, near, n->k)
                   : n->meaning        ? genom_near_by_meaning(dict, n->id, near, n->k)
                                       : genom_near_on_plane(dict, n->id, near, n->k);
    reply_begin(r, &o);
    near_of(&o, dict, n);
    core_json_out_c(&o, "by", n->meaning ? "meaning" : "plane");
    core_json_out_array(&o, "results");
    for (size_t i = 0; i < count; i++) {
        core_json_out_object(&o, NULL);
        genom_out_token(&o, dict, near[i].id);
        core_json_out_double(&o, n->meaning ? "similarity" : "distance", near[i].distance);
        core_json_out_end(&o);
    }
    core_json_out_end(&o);
    core_json_out_end(&o);
}

/* What is asked about: a word, or the centroid of a text. Answers itself what it cannot be. */
static bool near_about(struct gate_request *r, const struct genom_dict *dict, struct near *n)
{
    struct core_str word = CORE_STR(""), text = CORE_STR("");
    if (!query_str(r, "word", FIELD_OPTIONAL, GATE_LIMIT_TITLE, &word) ||
        !query_str(r, "text", FIELD_OPTIONAL, GATE_LIMIT_QUERY_TEXT, &text)) {
        return false;
    }
    if ((word.len > 0) == (text.len > 0)) {
        field_problem(r, "word", "or `text` is required, one of them");
        return false;
    }
    if (word.len > 0) {
        n->id = word_of(r, dict, word);
        return n->id != GENOM_NONE;
    }
    n->id = GENOM_NONE;
    if (n->meaning) {
        field_problem(r, "by", "must be \"plane\" for a text");
        return false;
    }
    if (!genom_centroid(dict, text.ptr, text.len, &n->centroid)) {
        gate_reply_problem(r, 404, "unknown-word", "The word is not known",
                           "no token stands for anything in `text`");
        return false;
    }
    return true;
}

void handle_genom_nearest(struct gate_request *r)
{
    const struct genom_dict *dict = genom_dict_of(r);
    struct near *n = dict ? core_pool_alloc(gate_request_pool(r), sizeof *n) : NULL;
    struct core_str by = CORE_STR(""), about;
    int64_t k = 10;
    if (!dict || !query_int(r, "k", 1, GENOM_NEAR_MAX, &k) ||
        !query_str(r, "by", FIELD_OPTIONAL, 16, &by)) {
        return;
    }
    if (!n) {
        gate_reply_error(r, CORE_ENOMEM, NULL);
        return;
    }
    bool text = gate_request_query(r, "text", &about);
    *n = (struct near){.task.run = near_run, .k = (size_t)k};
    n->meaning = core_str_eq_c(by, "meaning") || (by.len == 0 && !text);
    if (!n->meaning && by.len > 0 && !core_str_eq_c(by, "plane")) {
        field_problem(r, "by", "must be \"meaning\" or \"plane\"");
        return;
    }
    if (near_about(r, dict, n)) {
        /* All vectors are looked at: not on the loop. */
        genom_task_start(r, &n->task, n->meaning ? SIZE_MAX : 0);
    }
}

/* --- Intents -------------------------------------------------------------------------------- */

void genom_out_intent(struct core_json_out *o, struct core_str text)
{
    struct genom_intent intent;
    genom_intent(text.ptr, text.len, &intent);
    core_json_out_c(o, "symbol", intent.symbol);
    core_json_out_c(o, "name", intent.name);
    core_json_out_double(o, "confidence", intent.confidence / 100.0);
}

void handle_genom_intent(struct gate_request *r)
{
    core_json body = gate_request_json(r);
    struct core_str text;
    struct core_json_out o;
    if (!body || !field_str(r, body, "text", FIELD_REQUIRED, 0, GATE_LIMIT_GENOM_TEXT, &text)) {
        return;
    }
    reply_begin(r, &o);
    genom_out_intent(&o, text);
    reply_end(r, &o);
}

/* --- The dictionary itself ------------------------------------------------------------------ */

static double turn(uint64_t phase)
{
    return genom_rounded((double)phase * (6.283185307179586 / 4294967296.0));
}

void handle_genom_sectors(struct gate_request *r)
{
    const struct genom_dict *dict = genom_dict_of(r);
    struct genom_sector s;
    struct core_json_out o;
    if (!dict) {
        return;
    }
    reply_begin(r, &o);
    core_json_out_array(&o, "sectors");
    for (unsigned i = 0; genom_sector(dict, i, &s); i++) {
        core_json_out_object(&o, NULL);
        core_json_out_c(&o, "name", s.name);
        core_json_out_u64(&o, "quadrant", s.quadrant);
        core_json_out_u64(&o, "tokens", s.count);
        core_json_out_double(&o, "theta_from", turn(s.phase));
        core_json_out_double(&o, "theta_to", turn((uint64_t)s.phase + s.width));
        core_json_out_end(&o);
    }
    core_json_out_end(&o);
    reply_end(r, &o);
}

void handle_genom_dictionary(struct gate_request *r)
{
    const struct genom_dict *dict = genom_dict_of(r);
    char name[GENOM_DICT_NAME];
    const char *language;
    struct core_json_out o;
    if (!dict) {
        return;
    }
    genom_dict_name(dict, name);
    reply_begin(r, &o);
    core_json_out_c(&o, "id", name);
    core_json_out_u64(&o, "version", 1);
    core_json_out_u64(&o, "tokens", genom_dict_tokens(dict));
    core_json_out_u64(&o, "bytes", genom_dict_size(dict));
    core_json_out_u64(&o, "sectors", genom_sector_count(dict));
    core_json_out_array(&o, "languages");
    for (unsigned i = 0; (language = genom_dict_language(dict, i)); i++) {
        core_json_out_c(&o, NULL, language);
    }
    core_json_out_end(&o);
    core_json_out_c(&o, "licence", "CC-BY-SA-4.0");
    reply_end(r, &o);
}

void handle_genom_stats(struct gate_request *r)
{
    uint64_t in = atomic_load(&genom_counts.text_bytes);
    uint64_t out = atomic_load(&genom_counts.coded_bytes);
    struct core_json_out o;
    reply_begin(r, &o);
    core_json_out_u64(&o, "encoded", atomic_load(&genom_counts.texts));
    core_json_out_u64(&o, "decoded", atomic_load(&genom_counts.decoded));
    core_json_out_u64(&o, "input_bytes", in);
    core_json_out_u64(&o, "binary_bytes", out);
    core_json_out_double(&o, "compression_ratio", in ? (double)out / (double)in : 1);
    reply_end(r, &o);
}

void handle_genom_health(struct gate_request *r)
{
    const struct genom_dict *dict = genom_dict_of(r);
    char name[GENOM_DICT_NAME];
    struct core_json_out o;
    if (!dict) {
        return;
    }
    genom_dict_name(dict, name);
    reply_begin(r, &o);
    core_json_out_c(&o, "status", "ok");
    core_json_out_c(&o, "dictionary", name);
    reply_end(r, &o);
}
