/*
 * json.h: reading JSON (yyjson behind a face) and writing it straight into a buffer.
 *
 * Reading is strict RFC 8259: valid UTF-8, no comments, no trailing commas, no NaN, depth capped at
 * CORE_LIMIT_JSON_DEPTH, duplicate keys: the first counts. Values point into the document.
 */
#ifndef CORE_JSON_H
#define CORE_JSON_H

#include "core/buf.h"

struct core_json_doc;          /* owns all values */
typedef const void *core_json; /* a value; NULL = absent. Every function accepts NULL. */

/* CORE_EINVAL (with a message of where in `why`, may be NULL), CORE_ETOOBIG when too deep. */
int core_json_parse(struct core_str text, struct core_json_doc **ret_doc, char *why,
                    size_t why_cap);
void core_json_free(struct core_json_doc *doc);
/* As core_json_free, but wipes the strings first (secrets). */
void core_json_wipe(struct core_json_doc *doc);
core_json core_json_root(const struct core_json_doc *doc);

enum core_json_type {
    CORE_JSON_ABSENT,
    CORE_JSON_NULL,
    CORE_JSON_BOOL,
    CORE_JSON_NUMBER,
    CORE_JSON_STRING,
    CORE_JSON_ARRAY,
    CORE_JSON_OBJECT
};
enum core_json_type core_json_type(core_json v);
core_json core_json_get(core_json object, const char *key);
core_json core_json_at(core_json array, size_t index); /* O(1) only for the first; use iterators */
size_t core_json_count(core_json array_or_object);

struct core_json_iter {
    core_json next;
    size_t left;
    bool object;
};
struct core_json_iter core_json_iter(core_json array_or_object);
/* false at the end. key may be NULL for arrays. */
bool core_json_next(struct core_json_iter *it, struct core_str *ret_key, core_json *ret_value);

/* 0 when v has that type (and fits), else CORE_EINVAL with ret untouched; CORE_ENOTFOUND when v is
 * absent or null. */
int core_json_str(core_json v, struct core_str *ret);
int core_json_i64(core_json v, int64_t *ret); /* integers, and reals without a fraction */
int core_json_double(core_json v, double *ret);
int core_json_bool(core_json v, bool *ret);
/* Appends the value as compact JSON. */
int core_json_print(core_json v, struct core_buf *out);

/* --- Writing -------------------------------------------------------------------------------- */

/* Commas and colons are put by the writer. Bad UTF-8 becomes U+FFFD. Errors stick in the buffer.
 * Asserts on misuse (value without key inside an object, unbalanced end). */
#define CORE_JSON_OUT_DEPTH 32
struct core_json_out {
    struct core_buf *buf;
    unsigned depth;
    uint32_t objects; /* a bit for each open container, the innermost lowest: is it an object */
    bool filled;      /* the innermost has had a value */
};
void core_json_out_init(struct core_json_out *o, struct core_buf *buf);
void core_json_out_end(struct core_json_out *o); /* closes the innermost object or array */

/* What the functions below are made of; not for callers. */
void core__json_out_open(struct core_json_out *o, struct core_str key, bool object);
void core__json_out_str(struct core_json_out *o, struct core_str key, struct core_str value);
void core__json_out_raw(struct core_json_out *o, struct core_str key, struct core_str json);
void core__json_out_i64(struct core_json_out *o, struct core_str key, int64_t value);
void core__json_out_u64(struct core_json_out *o, struct core_str key, uint64_t value);
void core__json_out_double(struct core_json_out *o, struct core_str key, double value);
static inline struct core_str core__json_key(const char *key)
{
    return core_strn(key, key ? strlen(key) : 0);
}

/* key is NULL inside arrays and at the root. Inline: keys are literals, whose lengths the compiler
 * knows. */
static inline void core_json_out_object(struct core_json_out *o, const char *key)
{
    core__json_out_open(o, core__json_key(key), true);
}
static inline void core_json_out_array(struct core_json_out *o, const char *key)
{
    core__json_out_open(o, core__json_key(key), false);
}
static inline void core_json_out_str(struct core_json_out *o, const char *key,
                                     struct core_str value)
{
    core__json_out_str(o, core__json_key(key), value);
}
static inline void core_json_out_i64(struct core_json_out *o, const char *key, int64_t value)
{
    core__json_out_i64(o, core__json_key(key), value);
}
static inline void core_json_out_u64(struct core_json_out *o, const char *key, uint64_t value)
{
    core__json_out_u64(o, core__json_key(key), value);
}
/* Not finite → null; %.6g: the shortest text that reads back is not needed. */
static inline void core_json_out_double(struct core_json_out *o, const char *key, double value)
{
    core__json_out_double(o, core__json_key(key), value);
}
/* Raw JSON text, trusted. */
static inline void core_json_out_raw(struct core_json_out *o, const char *key, struct core_str json)
{
    core__json_out_raw(o, core__json_key(key), json);
}
static inline void core_json_out_null(struct core_json_out *o, const char *key)
{
    core_json_out_raw(o, key, CORE_STR("null"));
}
static inline void core_json_out_bool(struct core_json_out *o, const char *key, bool value)
{
    core_json_out_raw(o, key, value ? CORE_STR("true") : CORE_STR("false"));
}
/* NULL → null */
static inline void core_json_out_c(struct core_json_out *o, const char *key, const char *value)
{
    if (value)
        core_json_out_str(o, key, core_str(value));
    else
        core_json_out_null(o, key);
}

#endif
