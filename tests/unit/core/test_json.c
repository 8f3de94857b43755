/* test_json.c: what the reader accepts and refuses, and the typed getters. */
#include "core/json.h"

#include "core/err.h"
#include "core/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static struct core_json_doc *parse(const char *text)
{
    struct core_json_doc *doc = NULL;
    char why[200] = "";
    int err = core_json_parse(core_str(text), &doc, why, sizeof why);
    if (err)
        fail_msg("%s: %s: %s", text, core_err_name(err), why);
    return doc;
}

static void values_are_read(void **state)
{
    (void)state;
    struct core_json_doc *doc = parse("{\"s\":\"a\\u0000\\ud83d\\ude00\",\"i\":-7,\"u\":"
                                      "18446744073709551615,\"r\":2.0,\"f\":2.5,\"t\":true,\"n\":"
                                      "null,\"a\":[1,[2],{\"x\":3}],\"o\":{},\"big\":1e18,"
                                      "\"huge\":9.3e18,\"s\":\"second\"}");
    core_json root = core_json_root(doc);
    struct core_str s = CORE_STR("before");
    int64_t i = 99;
    double d = 99;
    bool b = false;
    assert_int_equal(core_json_type(root), CORE_JSON_OBJECT);
    assert_int_equal(core_json_count(root), 12);
    assert_int_equal(core_json_str(core_json_get(root, "s"), &s), 0);
    assert_int_equal(s.len, 6);
    assert_memory_equal(s.ptr, "a\0\xf0\x9f\x98\x80", 6);
    assert_int_equal(core_json_i64(core_json_get(root, "i"), &i), 0);
    assert_int_equal(i, -7);
    assert_int_equal(core_json_i64(core_json_get(root, "r"), &i), 0);
    assert_int_equal(i, 2);
    assert_int_equal(core_json_i64(core_json_get(root, "big"), &i), 0);
    assert_int_equal(i, 1000000000000000000);
    assert_int_equal(core_json_double(core_json_get(root, "i"), &d), 0);
    assert_true(d == -7);
    assert_int_equal(core_json_double(core_json_get(root, "f"), &d), 0);
    assert_true(d == 2.5);
    assert_int_equal(core_json_bool(core_json_get(root, "t"), &b), 0);
    assert_true(b);
    assert_int_equal(core_json_type(core_json_get(root, "n")), CORE_JSON_NULL);

    /* Wrong types, misfits, absence: the result keeps what it held. */
    i = 99;
    assert_int_equal(core_json_i64(core_json_get(root, "u"), &i), CORE_EINVAL);
    assert_int_equal(core_json_i64(core_json_get(root, "huge"), &i), CORE_EINVAL);
    assert_int_equal(core_json_i64(core_json_get(root, "f"), &i), CORE_EINVAL);
    assert_int_equal(core_json_i64(core_json_get(root, "s"), &i), CORE_EINVAL);
    assert_int_equal(core_json_i64(core_json_get(root, "n"), &i), CORE_ENOTFOUND);
    assert_int_equal(core_json_i64(core_json_get(root, "none"), &i), CORE_ENOTFOUND);
    assert_int_equal(i, 99);
    s = CORE_STR("before");
    assert_int_equal(core_json_str(core_json_get(root, "i"), &s), CORE_EINVAL);
    assert_int_equal(core_json_str(core_json_get(root, "n"), &s), CORE_ENOTFOUND);
    assert_int_equal(core_json_str(root, &s), CORE_EINVAL);
    assert_true(core_str_eq_c(s, "before"));
    assert_int_equal(core_json_bool(core_json_get(root, "i"), &b), CORE_EINVAL);
    assert_int_equal(core_json_double(core_json_get(root, "t"), &d), CORE_EINVAL);
    core_json_free(doc);
}

static void iterating(void **state)
{
    (void)state;
    struct core_json_doc *doc = parse("{\"a\":[10,[1,2,3],{\"k\":5},20],\"b\":{\"x\":1,\"y\":2}}");
    core_json root = core_json_root(doc);
    core_json a = core_json_get(root, "a");
    assert_int_equal(core_json_count(a), 4);
    struct core_json_iter it = core_json_iter(a);
    core_json v = NULL;
    int64_t n = 0;
    assert_true(core_json_next(&it, NULL, &v));
    assert_int_equal(core_json_i64(v, &n), 0);
    assert_int_equal(n, 10);
    assert_true(core_json_next(&it, NULL, &v));
    assert_int_equal(core_json_count(v), 3);
    assert_true(core_json_next(&it, NULL, &v));
    assert_int_equal(core_json_type(v), CORE_JSON_OBJECT);
    assert_true(core_json_next(&it, NULL, &v));
    assert_int_equal(core_json_i64(v, &n), 0);
    assert_int_equal(n, 20);
    assert_false(core_json_next(&it, NULL, &v));
    assert_false(core_json_next(&it, NULL, &v));
    assert_ptr_equal(core_json_at(a, 3), v);
    assert_null(core_json_at(a, 4));

    it = core_json_iter(core_json_get(root, "b"));
    struct core_str key;
    assert_true(core_json_next(&it, &key, &v));
    assert_true(core_str_eq_c(key, "x"));
    assert_true(core_json_next(&it, &key, &v));
    assert_true(core_str_eq_c(key, "y"));
    assert_int_equal(core_json_i64(v, &n), 0);
    assert_int_equal(n, 2);
    assert_false(core_json_next(&it, &key, &v));
    core_json_free(doc);
}

static void null_is_accepted_everywhere(void **state)
{
    (void)state;
    struct core_json_iter it = core_json_iter(NULL);
    struct core_str key;
    core_json v;
    assert_false(core_json_next(&it, &key, &v));
    assert_null(core_json_get(NULL, "x"));
    assert_null(core_json_at(NULL, 0));
    assert_int_equal(core_json_count(NULL), 0);
    assert_int_equal(core_json_type(NULL), CORE_JSON_ABSENT);
    assert_null(core_json_root(NULL));
    core_json_free(NULL);
    /* Scalars are no containers. */
    struct core_json_doc *doc = parse("\"text\"");
    assert_int_equal(core_json_count(core_json_root(doc)), 0);
    assert_null(core_json_get(core_json_root(doc), "x"));
    assert_null(core_json_at(core_json_root(doc), 0));
    it = core_json_iter(core_json_root(doc));
    assert_false(core_json_next(&it, &key, &v));
    core_json_free(doc);
}

static void what_is_not_json_is_refused(void **state)
{
    (void)state;
    static const struct core_str bad[] = {
        CORE_STR(""),
        CORE_STR(" "),
        CORE_STR("{"),
        CORE_STR("[1,]"),
        CORE_STR("{\"a\":1,}"),
        CORE_STR("[1] x"),
        CORE_STR("[1]\0"),
        CORE_STR("\0[1]"),
        CORE_STR("// c\n1"),
        CORE_STR("NaN"),
        CORE_STR("Infinity"),
        CORE_STR("1e999"),
        CORE_STR("01"),
        CORE_STR("+1"),
        CORE_STR(".5"),
        CORE_STR("1."),
        CORE_STR("'a'"),
        CORE_STR("{a:1}"),
        CORE_STR("{1:1}"),
        CORE_STR("\"a"),
        CORE_STR("\"\n\""),
        CORE_STR("\"\\x\""),
        CORE_STR("\"\\ud800\""),
        CORE_STR("\"\xff\""),
        CORE_STR("\"\xed\xa0\x80\""),
        CORE_STR("\"\xc0\x80\""),
        CORE_STR("{\"\xff\":1}"),
        CORE_STR("\xef\xbb\xbf{}"),
        CORE_STR("tru"),
        CORE_STR("]"),
        CORE_STR("\"\\"),
        CORE_STR("[\"\\\"]"),
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct core_json_doc *doc = NULL;
        /* On the heap and of exact size: a byte read past the end is found. */
        char *copy = malloc(bad[i].len + 1);
        memcpy(copy, bad[i].ptr, bad[i].len);
        char why[128] = "";
        if (core_json_parse(core_strn(copy, bad[i].len), &doc, why, sizeof why) != CORE_EINVAL)
            fail_msg("accepted: %s", bad[i].ptr);
        assert_null(doc);
        assert_true(strncmp(why, "line ", 5) == 0);
        assert_int_equal(core_json_parse(core_strn(copy, bad[i].len), &doc, NULL, 0), CORE_EINVAL);
        free(copy);
    }
    struct core_json_doc *doc = NULL;
    char why[128];
    assert_int_equal(core_json_parse(core_strn(NULL, 0), &doc, why, sizeof why), CORE_EINVAL);
    assert_int_equal(core_json_parse(CORE_STR("{\n \"a\": ?}"), &doc, why, sizeof why),
                     CORE_EINVAL);
    assert_true(strncmp(why, "line 2, column 7: ", 18) == 0);
    char small[8];
    assert_int_equal(core_json_parse(CORE_STR("?"), &doc, small, sizeof small), CORE_EINVAL);
    assert_true(strlen(small) < sizeof small);
}

static void depth_is_capped(void **state)
{
    (void)state;
    char text[8 * CORE_LIMIT_JSON_DEPTH];
    for (size_t depth = CORE_LIMIT_JSON_DEPTH - 1; depth <= CORE_LIMIT_JSON_DEPTH + 1; depth++) {
        size_t n = 0;
        for (size_t i = 0; i < depth; i++)
            n += (size_t)snprintf(text + n, sizeof text - n, "%s", i % 2 ? "[" : "{\"[\":");
        n += (size_t)snprintf(text + n, sizeof text - n, "1");
        for (size_t i = depth; i-- > 0;)
            n += (size_t)snprintf(text + n, sizeof text - n, "%s", i % 2 ? "]" : "}");
        struct core_json_doc *doc = NULL;
        char why[64];
        int err = core_json_parse(core_strn(text, n), &doc, why, sizeof why);
        assert_int_equal(err, depth > CORE_LIMIT_JSON_DEPTH ? CORE_ETOOBIG : 0);
        core_json_free(doc);
    }
    /* Width is not depth, and brackets in strings are text. */
    struct core_json_doc *doc = NULL;
    struct core_buf b;
    core_buf_init(&b, 100000);
    core_buf_add_c(&b, "[\"\\\"");
    for (int i = 0; i < 1000; i++)
        core_buf_add_c(&b, "[{");
    core_buf_add_c(&b, "\"");
    for (int i = 0; i < 1000; i++)
        core_buf_add_c(&b, ",[],{}");
    core_buf_add_c(&b, "]");
    assert_int_equal(core_json_parse(core_buf_str(&b), &doc, NULL, 0), 0);
    assert_int_equal(core_json_count(core_json_root(doc)), 2001);
    core_json_free(doc);
    /* A bomb of a megabyte. */
    core_buf_done(&b);
    core_buf_init(&b, 1 << 20);
    memset(core_buf_reserve(&b, 1 << 20), '[', 1 << 20);
    core_buf_grew(&b, 1 << 20);
    assert_int_equal(core_json_parse(core_buf_str(&b), &doc, NULL, 0), CORE_ETOOBIG);
    core_buf_done(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_read),
        cmocka_unit_test(iterating),
        cmocka_unit_test(null_is_accepted_everywhere),
        cmocka_unit_test(what_is_not_json_is_refused),
        cmocka_unit_test(depth_is_capped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
