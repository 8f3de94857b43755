/* test_json_out.c: the writer's text, and that the reader gets back what was written. */
#include "core/json.h"

#include "core/err.h"

#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static void every_kind_of_value(void **state)
{
    (void)state;
    struct core_buf b;
    struct core_json_out o;
    core_buf_init(&b, 10000);
    core_json_out_init(&o, &b);
    core_json_out_object(&o, NULL);
    core_json_out_array(&o, "empty");
    core_json_out_end(&o);
    core_json_out_array(&o, "a");
    core_json_out_i64(&o, NULL, 0);
    core_json_out_i64(&o, NULL, INT64_MIN);
    core_json_out_i64(&o, NULL, INT64_MAX);
    core_json_out_u64(&o, NULL, UINT64_MAX);
    core_json_out_double(&o, NULL, 0.1);
    core_json_out_double(&o, NULL, -1e300);
    core_json_out_double(&o, NULL, NAN);
    core_json_out_double(&o, NULL, -INFINITY);
    core_json_out_bool(&o, NULL, true);
    core_json_out_bool(&o, NULL, false);
    core_json_out_null(&o, NULL);
    core_json_out_object(&o, NULL);
    core_json_out_end(&o);
    core_json_out_end(&o);
    core_json_out_str(&o, "s", CORE_STR("x"));
    core_json_out_str(&o, "none", core_strn(NULL, 0));
    core_json_out_c(&o, "c", NULL);
    core_json_out_c(&o, "k\"", "v");
    core_json_out_raw(&o, "raw", CORE_STR("[1]"));
    core_json_out_end(&o);
    assert_int_equal(core_buf_error(&b), 0);
    assert_string_equal(b.ptr, "{\"empty\":[],\"a\":[0,-9223372036854775808,9223372036854775807,"
                               "18446744073709551615,0.1,-1e+300,null,null,true,false,null,{}],"
                               "\"s\":\"x\",\"none\":\"\",\"c\":null,\"k\\\"\":\"v\",\"raw\":[1]}");
    core_buf_done(&b);
}

static void strings_are_escaped(void **state)
{
    (void)state;
    struct core_buf b;
    struct core_json_out o;
    core_buf_init(&b, 10000);
    core_json_out_init(&o, &b);
    core_json_out_str(
        &o, NULL,
        CORE_STR("\"\\/\b\f\n\r\t\x01\x1f\x7f\0\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\xff-\xe2\x82"));
    assert_string_equal(b.ptr, "\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u001f\x7f\\u0000"
                               "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\xef\xbf\xbd-\xef\xbf\xbd"
                               "\xef\xbf\xbd\"");
    core_buf_done(&b);
}

/* Random bytes in, the reader agrees with a decoder that replaces bad bytes. */
static void random_strings_come_back(void **state)
{
    (void)state;
    srand(11);
    for (int round = 0; round < 20000; round++) {
        char bytes[40];
        size_t len = (size_t)rand() % sizeof bytes;
        for (size_t i = 0; i < len; i++)
            bytes[i] = (char)(rand() % 3 ? rand() % 128 : rand());
        struct core_str s = core_strn(bytes, len);
        struct core_buf text, want;
        struct core_json_out o;
        core_buf_init(&text, 1000);
        core_buf_init(&want, 1000);
        core_json_out_init(&o, &text);
        core_json_out_str(&o, NULL, s);
        for (size_t at = 0; at < len;) {
            uint32_t code;
            char put[4];
            at += core_utf8_next(s, at, &code);
            core_buf_add(&want, put, core_utf8_put(code, put));
        }
        struct core_json_doc *doc = NULL;
        struct core_str back = {0};
        assert_int_equal(core_json_parse(core_buf_str(&text), &doc, NULL, 0), 0);
        assert_int_equal(core_json_str(core_json_root(doc), &back), 0);
        assert_true(core_str_eq(back, core_buf_str(&want)));
        core_json_free(doc);
        core_buf_done(&text);
        core_buf_done(&want);
    }
}

/* What is looked at eight bytes at a time, or four, or one: no byte hides at any place. */
static void no_byte_hides(void **state)
{
    (void)state;
    struct core_buf text;
    core_buf_init(&text, 1000);
    for (size_t len = 1; len <= 20; len++) {
        for (size_t which = 0; which < len * 128; which++) {
            char bytes[20];
            memset(bytes, 'x', sizeof bytes);
            bytes[which / 128] = (char)(which % 128);
            struct core_json_out o;
            struct core_json_doc *doc = NULL;
            struct core_str back = {0};
            core_buf_clear(&text);
            core_json_out_init(&o, &text);
            core_json_out_str(&o, NULL, core_strn(bytes, len));
            assert_int_equal(core_json_parse(core_buf_str(&text), &doc, NULL, 0), 0);
            assert_int_equal(core_json_str(core_json_root(doc), &back), 0);
            assert_true(core_str_eq(back, core_strn(bytes, len)));
            core_json_free(doc);
        }
    }
    core_buf_done(&text);
}

static void the_buffers_error_sticks(void **state)
{
    (void)state;
    struct core_buf b;
    struct core_json_out o;
    core_buf_init(&b, 20);
    core_json_out_init(&o, &b);
    core_json_out_array(&o, NULL);
    for (int i = 0; i < 10; i++)
        core_json_out_c(&o, NULL, "text\xff\n");
    core_json_out_end(&o);
    assert_int_equal(core_buf_error(&b), CORE_ETOOBIG);
    assert_true(b.len <= 20);
    core_buf_done(&b);
}

static void too_many_ends(struct core_json_out *o)
{
    core_json_out_end(o);
}
static void key_in_array(struct core_json_out *o)
{
    core_json_out_array(o, NULL);
    core_json_out_null(o, "k");
}
static void no_key_in_object(struct core_json_out *o)
{
    core_json_out_object(o, NULL);
    core_json_out_null(o, NULL);
}
static void too_deep(struct core_json_out *o)
{
    for (int i = 0; i <= CORE_JSON_OUT_DEPTH; i++)
        core_json_out_array(o, NULL);
}

static void misuse_is_caught(void **state)
{
    (void)state;
    void (*const misuses[])(struct core_json_out *) = {too_many_ends, key_in_array,
                                                       no_key_in_object, too_deep};
    for (size_t i = 0; i < sizeof misuses / sizeof *misuses; i++) {
        pid_t child = fork();
        if (child == 0) {
            close(STDERR_FILENO);
            struct core_buf b;
            struct core_json_out o;
            core_buf_init(&b, 1000);
            core_json_out_init(&o, &b);
            misuses[i](&o);
            _exit(0);
        }
        int status;
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_of_value),      cmocka_unit_test(strings_are_escaped),
        cmocka_unit_test(random_strings_come_back), cmocka_unit_test(no_byte_hides),
        cmocka_unit_test(the_buffers_error_sticks), cmocka_unit_test(misuse_is_caught),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
