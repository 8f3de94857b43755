/*
 * fuzz_json.c: what the reader accepts, the writer writes, the reader accepts again; written a
 * second and a third time it is the same text. (Not the first: 2200000.01 is written 2.2e+06, which
 * is read as a whole number.)
 */
#include "core/err.h"
#include "core/json.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void copy(struct core_json_out *o, const char *key, core_json v)
{
    struct core_str text;
    int64_t i;
    double d;
    bool b;
    if (core_json_str(v, &text) == 0) {
        core_json_out_str(o, key, text);
    } else if (core_json_i64(v, &i) == 0) {
        core_json_out_i64(o, key, i);
    } else if (core_json_double(v, &d) == 0) {
        core_json_out_double(o, key, d);
    } else if (core_json_bool(v, &b) == 0) {
        core_json_out_bool(o, key, b);
    } else if (core_json_count(v) == 0 || o->depth == CORE_JSON_OUT_DEPTH) {
        core_json_out_null(o, key);
    } else {
        bool object = core_json_type(v) == CORE_JSON_OBJECT;
        struct core_json_iter it = core_json_iter(v);
        struct core_str name = CORE_STR("");
        core_json child;
        if (object)
            core_json_out_object(o, key);
        else
            core_json_out_array(o, key);
        /* Names come without NUL at the end by contract, so they are not passed as C strings. */
        while (core_json_next(&it, &name, &child)) {
            assert(core_utf8_valid(name));
            copy(o, object ? "k" : NULL, child);
        }
        core_json_out_end(o);
    }
}

/* false when text is no JSON. */
static bool rewrite(struct core_str text, struct core_buf *out)
{
    struct core_json_doc *doc = NULL;
    char why[80] = "";
    int err = core_json_parse(text, &doc, why, sizeof why);
    if (err) {
        assert(!doc && why[0] != '\0' && (err == CORE_EINVAL || err == CORE_ETOOBIG));
        return false;
    }
    struct core_json_out o;
    core_json_out_init(&o, out);
    copy(&o, NULL, core_json_root(doc));
    assert(core_buf_error(out) == 0 && o.depth == 0);
    core_json_free(doc);
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct core_buf text[3];
    for (int i = 0; i < 3; i++)
        core_buf_init(&text[i], 100 * size + 100);
    if (rewrite(core_strn(data, size), &text[0])) {
        bool again = rewrite(core_buf_str(&text[0]), &text[1]);
        assert(again);
        again = rewrite(core_buf_str(&text[1]), &text[2]);
        assert(again);
        assert(core_str_eq(core_buf_str(&text[1]), core_buf_str(&text[2])));
    }
    for (int i = 0; i < 3; i++)
        core_buf_done(&text[i]);
    return 0;
}
