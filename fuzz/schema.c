/* schema.c: see schema.h. */
#include "fuzz/schema.h"

#include <assert.h>

static bool type_fits(struct core_str type, core_json value)
{
    static const char *const names[] = {
        [CORE_JSON_ABSENT] = "absent", [CORE_JSON_NULL] = "null",     [CORE_JSON_BOOL] = "boolean",
        [CORE_JSON_NUMBER] = "number", [CORE_JSON_STRING] = "string", [CORE_JSON_ARRAY] = "array",
        [CORE_JSON_OBJECT] = "object"};
    int64_t i;
    double d;
    if (core_str_eq_c(type, "integer"))
        return core_json_i64(value, &i) == 0 || (core_json_double(value, &d) == 0 && d >= 0x1p63);
    return core_str_eq_c(type, names[core_json_type(value)]);
}

static bool one_of_types(core_json types, core_json value)
{
    struct core_str type;
    struct core_json_iter it = core_json_iter(types);
    core_json item;
    if (core_json_str(types, &type) == 0)
        return type_fits(type, value);
    while (core_json_next(&it, NULL, &item))
        if (core_json_str(item, &type) == 0 && type_fits(type, value))
            return true;
    return core_json_type(types) == CORE_JSON_ABSENT;
}

static bool in_enum(core_json list, core_json value)
{
    struct core_json_iter it = core_json_iter(list);
    struct core_str a, b;
    int64_t i, j;
    core_json item;
    while (core_json_next(&it, NULL, &item))
        if ((core_json_str(item, &a) == 0 && core_json_str(value, &b) == 0 && core_str_eq(a, b)) ||
            (core_json_i64(item, &i) == 0 && core_json_i64(value, &j) == 0 && i == j))
            return true;
    return core_json_type(list) == CORE_JSON_ABSENT;
}

static bool object_fits(core_json schema, core_json value)
{
    struct core_json_iter it = core_json_iter(core_json_get(schema, "required"));
    struct core_str key;
    char name[64];
    core_json item;
    while (core_json_next(&it, NULL, &item)) {
        assert(core_json_str(item, &key) == 0 && key.len < sizeof name);
        memcpy(name, key.ptr, key.len);
        name[key.len] = '\0';
        if (core_json_type(core_json_get(value, name)) == CORE_JSON_ABSENT)
            return false;
    }
    it = core_json_iter(core_json_get(schema, "properties"));
    while (core_json_next(&it, &key, &item)) {
        assert(key.len < sizeof name);
        memcpy(name, key.ptr, key.len);
        name[key.len] = '\0';
        core_json member = core_json_get(value, name);
        if (core_json_type(member) > CORE_JSON_NULL && !schema_fits(item, member))
            return false;
    }
    return true;
}

static int64_t number(core_json schema, const char *name, int64_t otherwise)
{
    (void)core_json_i64(core_json_get(schema, name), &otherwise);
    return otherwise;
}

bool schema_fits(core_json schema, core_json value)
{
    struct core_str s, pattern;
    core_json items = core_json_get(schema, "items"), either = core_json_get(schema, "oneOf"), item;
    int64_t count = (int64_t)core_json_count(value);
    struct core_json_iter it = core_json_iter(either);
    if (core_json_type(either) != CORE_JSON_ABSENT) {
        while (core_json_next(&it, NULL, &item))
            if (schema_fits(item, value))
                return true;
        return false;
    }
    if (!one_of_types(core_json_get(schema, "type"), value) ||
        !in_enum(core_json_get(schema, "enum"), value))
        return false;
    if (core_json_str(value, &s) == 0)
        return (int64_t)s.len >= number(schema, "minLength", 0) &&
               (int64_t)s.len <= number(schema, "maxLength", INT64_MAX) &&
               (core_json_str(core_json_get(schema, "pattern"), &pattern) ||
                (core_str_eq_c(pattern, "^/") && core_str_starts(s, CORE_STR("/"))));
    if (core_json_type(value) == CORE_JSON_OBJECT)
        return object_fits(schema, value);
    if (core_json_type(value) != CORE_JSON_ARRAY)
        return true;
    it = core_json_iter(value);
    while (items && core_json_next(&it, NULL, &item))
        if (!schema_fits(items, item))
            return false;
    return count >= number(schema, "minItems", 0) && count <= number(schema, "maxItems", INT64_MAX);
}
