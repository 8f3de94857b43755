/* test_openai_wire.c: what providers send, whole and in pieces of every size. */
#include "ai/model/openai_wire.h"

#include "core/json.h"
#include "core/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static struct ai_wire wire;
static char text[256];

static int run(struct core_str bytes, size_t step)
{
    struct core_buf out;
    int err = 0;
    core_buf_init(&out, 1 << 20);
    ai_wire_init(&wire);
    for (size_t at = 0; at < bytes.len && !err; at += step)
        err = ai_wire_feed(
            &wire, core_strn(bytes.ptr + at, bytes.len - at < step ? bytes.len - at : step), &out);
    if (!err)
        err = ai_wire_end(&wire, &out);
    snprintf(text, sizeof text, "%s", out.ptr ? out.ptr : "");
    core_buf_done(&out);
    ai_wire_done(&wire);
    return err;
}

#define DELTA(s) "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"" s "\"}}]}\n\n"

static void a_stream_is_read_whatever_its_pieces(void **state)
{
    static const char stream[] =
        "\r\n: hello\r\nevent: x\nid: 1\n"
        "data: {\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":null}}]}\n\n" DELTA(
            "Př") DELTA("\\u00edklad ")
            DELTA(
                "\\ud83d\\ude00 a\\u0000b") "data:{\"choices\":[{\"delta\":{},\"finish_reason\":\"length\"}]}\r\n\r\n"
                                            "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":9}}\n\n"
                                            "data: [DONE]\n\n";
    (void)state;
    for (size_t step = 1; step < sizeof stream; step++) {
        assert_int_equal(run(core_str(stream), step), 0);
        assert_string_equal(text, "Příklad 😀 ab");
        assert_true(wire.counted && wire.final);
        assert_int_equal(wire.tokens_in, 7);
        assert_int_equal(wire.tokens_out, 9);
        assert_string_equal(wire.finish, "length");
    }
}

static void an_object_is_read_too(void **state)
{
    static const char object[] =
        " {\"object\":\"chat.completion\",\"choices\":[{\"message\":{\"content\":\"Hi.\"},"
        "\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":2}}\n";
    (void)state;
    for (size_t step = 1; step < sizeof object; step++) {
        assert_int_equal(run(core_str(object), step), 0);
        assert_string_equal(text, "Hi.");
        assert_true(wire.counted && wire.ended);
    }
    assert_int_equal(run(core_strn(object, sizeof object - 4), 100), CORE_EPROTO);
}

static void what_is_not_whole_is_said_to_be(void **state)
{
    (void)state;
    assert_int_equal(run(CORE_STR(DELTA("Hel") DELTA("lo")), 5), CORE_EPROTO);
    assert_string_equal(text, "Hello");
    assert_false(wire.counted);
    assert_int_equal(run(CORE_STR(""), 1), CORE_EPROTO);
    assert_int_equal(run(CORE_STR(DELTA("Hi") "data: [DONE]"), 3),
                     0); /* the last line may have no end */
    for (size_t step = 1; step < 40; step++) {
        assert_int_equal(
            run(CORE_STR(DELTA("Hi") "data: [DONE]\n\n" DELTA("!") "data: {]\n"), step),
            0); /* what follows is no part of it */
        assert_string_equal(text, "Hi");
    }
}

/* Some providers count as they go: that is final with the end of the answer, not before. */
static void a_running_count_is_not_the_bill(void **state)
{
    static const char running[] = "data: {\"choices\":[{\"delta\":{\"content\":\"Hel\"}}],"
                                  "\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":1}}\n",
                      last[] = "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}],"
                               "\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":2}}\n";
    char both[512];
    (void)state;
    assert_int_equal(run(core_str(running), 9), CORE_EPROTO);
    assert_true(wire.counted);
    assert_false(wire.final);
    snprintf(both, sizeof both, "%s%s", running, last);
    assert_int_equal(run(core_str(both), 9), 0);
    assert_true(wire.final);
    assert_int_equal(wire.tokens_out, 2);
}

static void what_is_no_answer_is_refused(void **state)
{
    static const char *const bad[] = {
        "<html>log in</html>",
        "\x1f\x8b\x08",
        "{\"error\":{\"message\":\"no\"}}",
        "{}",
        "[]",
        "{\"choices\":[]}",
        "{\"choices\":[{}]}",
        "data: {]\n",
        "data: []\n",
        "data: {\"error\":{\"message\":\"overloaded\"}}\n",
        "data: {\"choices\":[{\"delta\":{\"content\":\"\xff\"}}]}\n",
        "data: {\"choices\":[{\"delta\":{\"content\":\"\\ud800\"}}]}\n"};
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        for (size_t step = 1; step < 40; step += 13)
            assert_int_equal(run(core_str(bad[i]), step), CORE_EPROTO);
    /* What says that it failed may have said something before. */
    assert_int_equal(run(CORE_STR(DELTA("Hel") "data: {\"error\":{\"code\":1}}\n"), 9),
                     CORE_EPROTO);
    assert_string_equal(text, "Hel");
}

static void a_line_has_a_cap(void **state)
{
    (void)state;
    char *line = malloc(2 * AI_LIMIT_WIRE_LINE);
    assert_non_null(line);
    memset(line, 'd', 2 * AI_LIMIT_WIRE_LINE);
    assert_int_equal(run(core_strn(line, 2 * AI_LIMIT_WIRE_LINE), 4096), CORE_ETOOBIG);
    free(line);
}

static void strange_numbers_are_no_usage(void **state)
{
    static const char *const bad[] = {"-1", "1e99", "\"7\"", "null", "999999999999", "1.5"};
    char object[256];
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        snprintf(object, sizeof object,
                 "{\"choices\":[{\"message\":{\"content\":\"x\"}}],\"usage\":{\"prompt_tokens\":%s,"
                 "\"completion_tokens\":2}}",
                 bad[i]);
        assert_int_equal(run(core_str(object), 1000), 0);
        assert_false(wire.counted);
    }
}

static void requests_say_what_is_wanted(void **state)
{
    struct ai_message messages[] = {{AI_SYSTEM, CORE_STR("Be \"short\".")},
                                    {AI_USER, CORE_STR("Hi\n")}};
    struct ai_generate g = {.messages = messages,
                            .message_count = 2,
                            .tokens_max = 5,
                            .top_p = 1,
                            .stops = {CORE_STR("END")},
                            .stop_count = 1};
    struct core_buf out;
    (void)state;
    core_buf_init(&out, 4096);
    assert_int_equal(ai_wire_request(&out, "m", &g), 0);
    assert_string_equal(
        out.ptr, "{\"model\":\"m\",\"messages\":[{\"role\":\"system\",\"content\":\"Be "
                 "\\\"short\\\".\"},{\"role\":\"user\",\"content\":\"Hi\\n\"}],\"max_tokens\":5,"
                 "\"temperature\":0,\"stop\":[\"END\"],\"stream\":true,\"stream_options\":{"
                 "\"include_usage\":true}}");
    core_buf_done(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stream_is_read_whatever_its_pieces),
        cmocka_unit_test(an_object_is_read_too),
        cmocka_unit_test(what_is_not_whole_is_said_to_be),
        cmocka_unit_test(a_running_count_is_not_the_bill),
        cmocka_unit_test(what_is_no_answer_is_refused),
        cmocka_unit_test(a_line_has_a_cap),
        cmocka_unit_test(strange_numbers_are_no_usage),
        cmocka_unit_test(requests_say_what_is_wanted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
