/* test_openai.c: the remote backend against a provider that does what its address says. */
#include "ai/model/openai.h"

#include "core/err.h"
#include "core/limits.h"
#include "core/mem.h"
#include "tests/unit/upstream.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

struct fixture {
    struct upstream up;
    struct core_loop *loop;
    struct core_fetch_loop *fetch;
    struct ai_model *model;
    struct ai_message message;
    struct ai_generate g;
    char text[4096];
    unsigned pieces;
    bool cancel, done;
    int status;
    struct ai_usage usage;
};

static int set_up(void **state)
{
    static const char *const options[7] = {"--tokens", "6", "--token-ms", "2"};
    struct fixture *f = core_alloc(sizeof *f);
    upstream_start(&f->up, options);
    f->loop = core_loop_new(core_env_real());
    f->fetch = core_fetch_loop_new(f->loop);
    setenv("SKY_TEST_KEY", "sk-secret", 1);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    core_fetch_loop_free(f->fetch);
    core_loop_free(f->loop);
    upstream_stop(&f->up);
    free(f);
    return 0;
}

static void on_text(struct ai_generate *g, struct core_str text)
{
    struct fixture *f = g->arg;
    size_t have = strlen(f->text);
    f->pieces++;
    snprintf(f->text + have, sizeof f->text - have, "%.*s", CORE_STR_ARG(text));
    if (f->cancel)
        f->model->ops->cancel(f->model, g);
}

static void on_done(struct ai_generate *g, int status, const struct ai_usage *usage)
{
    struct fixture *f = g->arg;
    assert_false(f->done);
    f->done = true;
    f->status = status;
    f->usage = *usage;
    core_loop_stop(f->loop);
}

static int begin(struct fixture *f, const char *fault, const char *key)
{
    char url[128];
    snprintf(url, sizeof url, "%s%s/v1", f->up.url, fault);
    const struct ai_openai_options options = {.fetch = f->fetch,
                                              .provider = "mock",
                                              .base_url = url,
                                              .key = key,
                                              .model = "gpt-x",
                                              .first_ms = 300,
                                              .whole_ms = 1000};
    f->model = ai_openai_new(&options);
    f->text[0] = '\0';
    f->pieces = 0;
    f->done = false;
    f->message = (struct ai_message){AI_USER, CORE_STR("Hello there")};
    f->g = (struct ai_generate){.messages = &f->message,
                                .message_count = 1,
                                .tokens_max = 50,
                                .top_p = 1,
                                .repeat_penalty = 1,
                                .whole = f->g.whole,
                                .on_text = on_text,
                                .on_done = on_done,
                                .arg = f};
    return f->model->ops->generate(f->model, &f->g);
}

static int ask(struct fixture *f, const char *fault)
{
    assert_int_equal(begin(f, fault, "env:SKY_TEST_KEY"), 0);
    core_loop_run(f->loop);
    assert_true(f->done);
    f->model->ops->free(f->model);
    return f->status;
}

static void text_streams_through(void **state)
{
    struct fixture *f = *state;
    char last[4096];
    assert_int_equal(ask(f, ""), 0);
    assert_string_equal(f->text, "word1 word2 word3 word4 word5 word6");
    assert_true(f->pieces > 2);
    assert_true(f->usage.counted);
    assert_int_equal(f->usage.tokens_out, 6);
    assert_int_equal(upstream_stat(&f->up, "tokens_in"), f->usage.tokens_in);
    upstream_get(&f->up, "/last", last, sizeof last);
    assert_non_null(strstr(last, "Authorization: Bearer sk-secret"));
    assert_non_null(strstr(last, "\"model\":\"gpt-x\""));
    f->g.whole = true;
    assert_int_equal(ask(f, ""), 0);
    assert_int_equal(f->pieces, 1);
    assert_int_equal(f->usage.tokens_out, 6);
    assert_int_equal(ask(f, "/nousage"), 0);
    assert_false(f->usage.counted);
}

static void faults_have_their_codes(void **state)
{
    static const struct {
        const char *fault;
        int status;
        bool text;
    } faults[] = {{"/500", CORE_EBUSY, false},       {"/503", CORE_EBUSY, false},
                  {"/401", CORE_EDENIED, false},     {"/400", CORE_EINVAL, false},
                  {"/429", CORE_ELIMIT, false},      {"/slow", CORE_ETIMEOUT, false},
                  {"/cut", CORE_ENET, true},         {"/stall", CORE_ETIMEOUT, true},
                  {"/endless", CORE_ETIMEOUT, true}, {"/garbage", CORE_EPROTO, false},
                  {"/line", CORE_EPROTO, false},     {"/type", CORE_EPROTO, false},
                  {"/gzip", CORE_EPROTO, false},     {"/hang-up", CORE_ENET, false}};
    struct fixture *f = *state;
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        int status = ask(f, faults[i].fault);
        if (status != faults[i].status || (f->text[0] != '\0') != faults[i].text)
            fail_msg("%s: %s, text %s", faults[i].fault, core_err_name(status), f->text);
    }
    assert_int_equal(ask(f, "/429-long"), CORE_ELIMIT);
    assert_int_equal(f->usage.retry_after_s, 3600);
}

/* Some leave the connection open behind the last event. */
static void the_last_event_ends_a_stream(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(ask(f, "/linger"), 0);
    assert_string_equal(f->text, "word1 word2 word3 word4 word5 word6");
    assert_true(f->usage.final);
    assert_int_equal(f->usage.tokens_out, 6);
    assert_null(f->usage.why);
}

static void a_key_that_cannot_be_read_calls_nobody(void **state)
{
    struct fixture *f = *state;
    char why[256];
    assert_int_equal(begin(f, "", "env:SKY_TEST_NO_SUCH_KEY"), CORE_EAUTH);
    assert_int_equal(f->model->ops->check(f->model, why, sizeof why), CORE_EAUTH);
    assert_non_null(strstr(why, "SKY_TEST_NO_SUCH_KEY"));
    f->model->ops->free(f->model);
    assert_int_equal(upstream_stat(&f->up, "calls"), 0);
}

static void a_request_can_be_cancelled(void **state)
{
    struct fixture *f = *state;
    f->cancel = true;
    assert_int_equal(ask(f, "/endless"), CORE_ECANCELLED);
    assert_int_equal(begin(f, "/slow", ""), 0);
    f->model->ops->cancel(f->model, &f->g);
    f->model->ops->free(f->model); /* its owner may go first */
    core_loop_run(f->loop);
    assert_int_equal(f->status, CORE_ECANCELLED);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(text_streams_through),         TEST(faults_have_their_codes),
        TEST(the_last_event_ends_a_stream), TEST(a_key_that_cannot_be_read_calls_nobody),
        TEST(a_request_can_be_cancelled),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
