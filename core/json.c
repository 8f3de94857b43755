/*
 * json.c: reading JSON, a face over yyjson, and the only file that knows it. A core_json is a
 * yyjson_val: values lie in one array, a container before its children, a key before its value,
 * which is what the iterator walks. Not here: changing documents; writing is json_out.c.
 */
#include "core/json.h"

#include "core/err.h"
#include "core/limits.h"
#include "core/mem.h"

#include <stdio.h>
#include <yyjson.h>

#define EACH(byte) (0x0101010101010101u * (byte))

/* No text is deeper than it has of these, and few
 * have as many as are allowed: eight bytes at once. */
static size_t openers(struct core_str text)
{
    size_t count = 0, i = 0;
    for (; i + 8 <= text.len; i += 8) {
        uint64_t w, other;
        memcpy(&w, text.ptr + i, sizeof w);
        w = (w | EACH(0x20)) ^ EACH('{');            /* 0 where it is { or [ */
        other = ((w & EACH(0x7f)) + EACH(0x7f)) | w; /* the high bit where it is not */
        count += ((~other & EACH(0x80)) >> 7) * EACH(1) >> 56;
    }
    for (; i < text.len; i++)
        count += (text.ptr[i] | 0x20) == '{';
    return count;
}

/* yyjson itself takes any depth. Whoever walks a document does so by recursion, so too deep ones
 * are turned away before they cost anything. */
static bool too_deep(struct core_str text)
{
    size_t depth = 0;
    bool in_string = false;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (in_string) {
            if (c == '\\')
                i++;
            else if (c == '"')
                in_string = false;
        } else if (c == '"') {
            in_string = true;
        } else if ((c | 0x20) == '{') { /* { and [ */
            if (++depth > CORE_LIMIT_JSON_DEPTH)
                return true;
        } else if ((c | 0x20) == '}') { /* } and ] */
            depth -= depth > 0;
        }
    }
    return false;
}

static void explain(struct core_str text, const yyjson_read_err *error, char *why, size_t why_cap)
{
    size_t line = 1, column = 1, index = 0;
    if (text.len > 0)
        yyjson_locate_pos(text.ptr, text.len, error->pos, &line, &column, &index);
    snprintf(why, why_cap, "line %zu, column %zu: %s", line, column, error->msg);
}

int core_json_parse(struct core_str text, struct core_json_doc **ret_doc, char *why, size_t why_cap)
{
    if (openers(text) > CORE_LIMIT_JSON_DEPTH && too_deep(text)) {
        if (why)
            snprintf(why, why_cap, "nested deeper than %d levels", CORE_LIMIT_JSON_DEPTH);
        return CORE_ETOOBIG;
    }
    yyjson_read_err error = {0};
    /* Without the in-situ flag the text is copied, not written to: the cast is safe. */
    yyjson_doc *doc = yyjson_read_opts((char *)(uintptr_t)text.ptr, text.len, YYJSON_READ_NOFLAG,
                                       NULL, &error);
    if (!doc) {
        if (why)
            explain(text, &error, why, why_cap);
        return error.code == YYJSON_READ_ERROR_MEMORY_ALLOCATION ? CORE_ENOMEM : CORE_EINVAL;
    }
    *ret_doc = (struct core_json_doc *)doc;
    return 0;
}

void core_json_free(struct core_json_doc *doc)
{
    yyjson_doc_free((yyjson_doc *)doc);
}

void core_json_wipe(struct core_json_doc *doc)
{
    yyjson_doc *d = (yyjson_doc *)doc;
    if (d && d->str_pool)
        core_wipe(d->str_pool, d->dat_read);
    yyjson_doc_free(d);
}

core_json core_json_root(const struct core_json_doc *doc)
{
    return yyjson_doc_get_root((yyjson_doc *)(uintptr_t)doc);
}

static yyjson_val *val(core_json v)
{
    return (yyjson_val *)(uintptr_t)v;
}

enum core_json_type core_json_type(core_json v)
{
    switch (yyjson_get_type(val(v))) {
    case YYJSON_TYPE_NULL:
        return CORE_JSON_NULL;
    case YYJSON_TYPE_BOOL:
        return CORE_JSON_BOOL;
    case YYJSON_TYPE_NUM:
        return CORE_JSON_NUMBER;
    case YYJSON_TYPE_STR:
        return CORE_JSON_STRING;
    case YYJSON_TYPE_ARR:
        return CORE_JSON_ARRAY;
    case YYJSON_TYPE_OBJ:
        return CORE_JSON_OBJECT;
    default:
        return CORE_JSON_ABSENT;
    }
}

core_json core_json_get(core_json object, const char *key)
{
    return yyjson_obj_get(val(object), key);
}

core_json core_json_at(core_json array, size_t index)
{
    return yyjson_arr_get(val(array), index);
}

size_t core_json_count(core_json array_or_object)
{
    return yyjson_is_ctn(val(array_or_object)) ? yyjson_get_len(val(array_or_object)) : 0;
}

struct core_json_iter core_json_iter(core_json array_or_object)
{
    struct core_json_iter it = {NULL, core_json_count(array_or_object), false};
    if (it.left > 0)
        it.next = unsafe_yyjson_get_first(val(array_or_object));
    it.object = yyjson_is_obj(val(array_or_object));
    return it;
}

bool core_json_next(struct core_json_iter *it, struct core_str *ret_key, core_json *ret_value)
{
    if (it->left == 0)
        return false;
    yyjson_val *v = val(it->next);
    if (it->object) {
        if (ret_key)
            *ret_key = core_strn(yyjson_get_str(v), yyjson_get_len(v));
        v++;
    }
    *ret_value = v;
    it->left--;
    it->next = it->left > 0 ? unsafe_yyjson_get_next(v) : NULL;
    return true;
}

/* --- Typed values --------------------------------------------------------------------------- */

/* CORE_ENOTFOUND for absent and null, so that an optional field is one comparison. */
static int wrong_type(core_json v)
{
    enum core_json_type type = core_json_type(v);
    return type == CORE_JSON_ABSENT || type == CORE_JSON_NULL ? CORE_ENOTFOUND : CORE_EINVAL;
}

int core_json_str(core_json v, struct core_str *ret)
{
    if (!yyjson_is_str(val(v)))
        return wrong_type(v);
    *ret = core_strn(yyjson_get_str(val(v)), yyjson_get_len(val(v)));
    return 0;
}

int core_json_i64(core_json v, int64_t *ret)
{
    if (yyjson_is_sint(val(v))) {
        *ret = yyjson_get_sint(val(v));
        return 0;
    }
    if (yyjson_is_uint(val(v))) {
        uint64_t u = yyjson_get_uint(val(v));
        if (u > INT64_MAX)
            return CORE_EINVAL;
        *ret = (int64_t)u;
        return 0;
    }
    if (!yyjson_is_real(val(v)))
        return wrong_type(v);
    double d = yyjson_get_real(val(v));
    /* 2^63 is the first double past the range; the comparison also turns NaN away. */
    if (!(d >= -0x1p63 && d < 0x1p63) || (double)(int64_t)d != d)
        return CORE_EINVAL;
    *ret = (int64_t)d;
    return 0;
}

int core_json_double(core_json v, double *ret)
{
    if (!yyjson_is_num(val(v)))
        return wrong_type(v);
    *ret = yyjson_get_num(val(v));
    return 0;
}

int core_json_bool(core_json v, bool *ret)
{
    if (!yyjson_is_bool(val(v)))
        return wrong_type(v);
    *ret = yyjson_get_bool(val(v));
    return 0;
}

int core_json_print(core_json v, struct core_buf *out)
{
    size_t len = 0;
    char *text = yyjson_val_write(val(v), YYJSON_WRITE_NOFLAG, &len);
    if (!text)
        return v ? CORE_ENOMEM : CORE_ENOTFOUND;
    int err = core_buf_add(out, text, len);
    free(text);
    return err;
}
