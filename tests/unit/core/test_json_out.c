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

/* What the writer does to a string, one byte after the other. */
static void add_quoted(struct core_buf *b, struct core_str s)
{
    static const char letters[] = "\bb\tt\nn\ff\rr\"\"\\\\";
    core_buf_add_byte(b, '"');
    for (size_t at = 0, len; at < s.len; at += len) {
        unsigned char c = (unsigned char)s.ptr[at];
        char put[4];
        uint32_t code;
        len = core_utf8_next(s, at, &code);
        const char *letter = c ? strchr(letters, c) : NULL;
        if (letter && (c < ' ' || c == '"' || c == '\\'))
            core_buf_addf(b, "\\%c", letter[1]);
        else if (c < ' ')
            core_buf_addf(b, "\\u%04x", c);
        else
            core_buf_add(b, put, core_utf8_put(code, put));
    }
    core_buf_add_byte(b, '"');
}

/* What is looked at eight bytes at a time, or four, or one: no byte hides at any place, neither in
 * a key nor in a value, and none but the string's own is written. */
static void no_byte_hides(void **state)
{
    (void)state;
    struct core_buf text, want;
    core_buf_init(&text, 1000);
    core_buf_init(&want, 1000);
    for (size_t len = 0; len <= 40; len++) {
        for (size_t which = 0; which < (len ? len : 1) * 256; which++) {
            char bytes[41];
            memset(bytes, 'x', len);
            bytes[which / 256] = (char)(which % 256);
            bytes[len] = '\0';
            struct core_json_out o;
            core_buf_clear(&text);
            core_buf_clear(&want);
            core_json_out_init(&o, &text);
            core_json_out_object(&o, NULL);
            core_json_out_i64(&o, bytes, 1);
            core_json_out_str(&o, bytes, core_strn(bytes, len));
            core_json_out_end(&o);
            core_buf_add_byte(&want, '{');
            add_quoted(&want, core_str(bytes));
            core_buf_add_c(&want, ":1,");
            add_quoted(&want, core_str(bytes));
            core_buf_add_byte(&want, ':');
            add_quoted(&want, core_strn(bytes, len));
            core_buf_add_byte(&want, '}');
            assert_string_equal(text.ptr, want.ptr);
            assert_int_equal(text.len, want.len);
        }
    }
    core_buf_done(&text);
    core_buf_done(&want);
}

static void long_strings_are_written_whole(void **state)
{
    (void)state;
    static char bytes[5000];
    struct core_buf text, want;
    core_buf_init(&text, 40000);
    core_buf_init(&want, 40000);
    for (size_t len = 1000; len < sizeof bytes; len += 97) {
        for (int c = 0; c < 256; c += 3) {
            memset(bytes, c, len);
            memset(bytes, 'x', len / 2);
            struct core_json_out o;
            core_buf_clear(&text);
            core_buf_clear(&want);
            core_json_out_init(&o, &text);
            core_json_out_str(&o, NULL, core_strn(bytes, len));
            add_quoted(&want, core_strn(bytes, len));
            assert_int_equal(text.len, want.len);
            assert_memory_equal(text.ptr, want.ptr, want.len + 1);
        }
    }
    core_buf_done(&text);
    core_buf_done(&want);
}

/* Objects and arrays by turns, as deep as they may lie, values before and behind each. */
static void commas_stand_between_values(void **state)
{
    (void)state;
    struct core_buf b, want;
    struct core_json_out o;
    core_buf_init(&b, 10000);
    core_buf_init(&want, 10000);
    core_json_out_init(&o, &b);
    for (int i = 0; i < CORE_JSON_OUT_DEPTH; i++) {
        const char *key = i % 3 ? "k" : NULL, *inside = (i + 1) % 3 ? "k" : NULL;
        if (inside)
            core_json_out_object(&o, key);
        else
            core_json_out_array(&o, key);
        core_json_out_bool(&o, inside, true);
        core_buf_addf(&want, "%s%s%strue", i ? "," : "", key ? "\"k\":" : "",
                      inside ? "{\"k\":" : "[");
    }
    for (int i = CORE_JSON_OUT_DEPTH - 1; i >= 0; i--) {
        const char *inside = (i + 1) % 3 ? "k" : NULL;
        core_json_out_null(&o, inside);
        core_json_out_end(&o);
        core_buf_addf(&want, ",%snull%c", inside ? "\"k\":" : "", inside ? '}' : ']');
    }
    assert_string_equal(b.ptr, want.ptr);
    core_buf_clear(&b);
    core_json_out_null(&o, NULL);
    core_json_out_null(&o, NULL);
    assert_string_equal(b.ptr, "nullnull");
    core_buf_done(&b);
    core_buf_done(&want);
}

static void write_some(struct core_json_out *o)
{
    core_json_out_object(o, NULL);
    core_json_out_u64(o, "number", UINT64_MAX);
    core_json_out_str(o, "plain string", CORE_STR("nothing here needs an escape"));
    core_json_out_str(o, "k\"", CORE_STR("but\n\xff"));
    core_json_out_array(o, "list");
    core_json_out_double(o, NULL, 0.5);
    core_json_out_str(o, NULL, CORE_STR("\t"));
    core_json_out_end(o);
    core_json_out_end(o);
}

/* A buffer with room for all of it takes it, and any smaller one keeps the beginning. */
static void the_cap_is_exact(void **state)
{
    (void)state;
    struct core_buf whole, b;
    struct core_json_out o;
    core_buf_init(&whole, 1000);
    core_json_out_init(&o, &whole);
    write_some(&o);
    for (size_t max = 1; max <= whole.len; max++) {
        core_buf_init(&b, max);
        core_json_out_init(&o, &b);
        write_some(&o);
        assert_int_equal(core_buf_error(&b), max < whole.len ? CORE_ETOOBIG : 0);
        assert_true(b.len <= max && b.cap <= max + 1);
        assert_true(core_str_starts(core_buf_str(&whole), core_buf_str(&b)));
        assert_int_equal(strlen(core_buf_str(&b).ptr), b.len);
        assert_true(max < whole.len || b.len == max);
        core_buf_done(&b);
    }
    core_buf_done(&whole);
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
        cmocka_unit_test(every_kind_of_value),
        cmocka_unit_test(strings_are_escaped),
        cmocka_unit_test(random_strings_come_back),
        cmocka_unit_test(no_byte_hides),
        cmocka_unit_test(the_buffers_error_sticks),
        cmocka_unit_test(misuse_is_caught),
        cmocka_unit_test(long_strings_are_written_whole),
        cmocka_unit_test(commas_stand_between_values),
        cmocka_unit_test(the_cap_is_exact),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
