/*
 * answer.c: from the stream of events to lines on a terminal.
 */
#include "shell/answer.h"

#include "core/limits.h"
#include "shell/read.h"
#include "shell/term.h"
#include "shell/wrap.h"

#include <stdio.h>

/* Where what follows the number of a source begins. */
enum { SOURCE_INDENT = 5 };

struct show {
    const struct shell_call *call;
    struct shell_answer *answer;
    struct shell_wrap text; /* on stdout */
    bool text_shown, failed;
    struct core_buf raw; /* the done event as it came, for --json */
};

static core_json member(const struct shell_answer *answer, const char *name)
{
    return answer->done ? core_json_get(core_json_root(answer->done), name) : NULL;
}

/* Not 0: nobody reads any more. */
static int on_token(struct show *show, core_json data)
{
    if (!show->call->json) {
        shell_progress_clear();
        shell_wrap_put(&show->text, shell_read_str(data, "text"));
        fflush(stdout);
        show->text_shown = true;
    }
    return ferror(stdout) ? SHELL_FAILED : 0;
}

static int on_error(struct show *show, core_json data)
{
    shell_progress_clear();
    if (show->text_shown) {
        shell_wrap_c(&show->text, "\n");
    }
    show->failed = true;
    return shell_fail(show->call, "%.*s: %.*s", CORE_STR_ARG(shell_read_str(data, "title")),
                      CORE_STR_ARG(shell_read_str(data, "detail")));
}

static int on_event(void *arg, const char *name, struct core_str data)
{
    struct show *show = arg;
    struct core_json_doc *doc = NULL;
    int result = 0;
    if (core_json_parse(data, &doc, NULL, 0)) {
        return shell_fail(show->call, "the server sent an event that is no JSON");
    }
    if (strcmp(name, "token") == 0) {
        result = on_token(show, core_json_root(doc));
    } else if (strcmp(name, "error") == 0) {
        result = on_error(show, core_json_root(doc));
    } else if (strcmp(name, "done") == 0) {
        core_json_free(show->answer->done);
        show->answer->done = doc;
        doc = NULL;
        core_buf_add_str(&show->raw, data);
    }
    core_json_free(doc);
    return result;
}

/* "PATH · place" */
static void place_put(struct shell_wrap *wrap, core_json source)
{
    struct core_str location = shell_read_str(source, "location");
    shell_wrap_path(wrap, shell_read_str(source, "document"));
    if (location.len) {
        shell_wrap_c(wrap, " · ");
        shell_wrap_put_line(wrap, location);
    }
    shell_wrap_c(wrap, "\n");
}

static void duration_put(struct shell_wrap *wrap, int64_t ms)
{
    if (ms < 1000) {
        shell_wrap_f(wrap, "%lld ms", (long long)ms);
    } else {
        shell_wrap_f(wrap, "%.1f s", (double)ms / 1000);
    }
}

/* "2 sources"; of a refusal "2 closest passages": they do not say what was asked. */
static void count_put(struct shell_wrap *wrap, const struct shell_answer *answer, size_t count)
{
    bool answered = true;
    core_json_bool(member(answer, "answered"), &answered);
    shell_wrap_f(wrap, "%zu %s%s", count, answered || !count ? "source" : "closest passage",
                 count == 1 ? "" : "s");
}

void shell_answer_read_as(core_json read_as)
{
    struct core_json_iter it = core_json_iter(read_as);
    struct shell_wrap wrap;
    struct core_str key;
    core_json word;
    size_t number = 0;
    if (!core_json_count(read_as)) {
        return;
    }
    shell_wrap_init(&wrap, stderr);
    wrap.indent = SOURCE_INDENT;
    shell_wrap_style(&wrap, "\033[2m");
    while (core_json_next(&it, &key, &word)) {
        shell_wrap_c(&wrap, number++ ? ", “" : "“");
        shell_wrap_put_line(&wrap, shell_read_str(word, "typed"));
        shell_wrap_c(&wrap, "” read as “");
        shell_wrap_put_line(&wrap, shell_read_str(word, "as"));
        shell_wrap_c(&wrap, "”");
    }
    shell_wrap_c(&wrap, "\n");
    shell_wrap_style(&wrap, "\033[0m");
    shell_wrap_done(&wrap);
}

/* "L1 · 38 ms · free · 2 sources", then the sources. */
static void receipt_show(const struct shell_answer *answer)
{
    core_json receipt = member(answer, "receipt");
    core_json sources = core_json_get(receipt, "sources");
    struct core_json_iter it = core_json_iter(sources);
    struct core_str key;
    core_json source;
    int64_t cost = shell_read_i64(receipt, "cost_microusd");
    size_t count = core_json_count(sources), number = 0;
    struct shell_wrap wrap;
    shell_wrap_init(&wrap, stderr);
    wrap.indent = SOURCE_INDENT;
    shell_wrap_style(&wrap, "\033[2m");
    shell_wrap_put_line(&wrap, shell_read_str(receipt, "level"));
    shell_wrap_c(&wrap, " · ");
    duration_put(&wrap, shell_read_i64(receipt, "latency_ms"));
    if (cost) {
        shell_wrap_f(&wrap, " · $%.6f", (double)cost / 1e6);
    } else {
        shell_wrap_c(&wrap, " · free");
    }
    shell_wrap_c(&wrap, " · ");
    count_put(&wrap, answer, count);
    shell_wrap_c(&wrap, "\n");
    while (core_json_next(&it, &key, &source)) {
        shell_wrap_f(&wrap, "  %zu. ", ++number);
        place_put(&wrap, source);
    }
    shell_wrap_style(&wrap, "\033[0m");
    shell_wrap_done(&wrap);
}

/* An answer that will not be there tomorrow. */
static void loss_show(const struct shell_call *call, const struct shell_answer *answer)
{
    bool kept = true;
    core_json_bool(member(answer, "kept"), &kept);
    if (!kept) {
        shell_wrap_say(
            stderr, "sky %s: this answer is not kept in the history: the server cannot write now",
            call->command->name);
    }
}

/* What would have been asked, had there been the money. */
static void skip_show(const struct shell_call *call, const struct shell_answer *answer)
{
    core_json skipped = core_json_get(member(answer, "receipt"), "skipped");
    if (core_json_type(skipped) == CORE_JSON_OBJECT) {
        struct shell_wrap wrap;
        shell_wrap_init(&wrap, stderr);
        shell_wrap_f(&wrap, "sky %s: ", call->command->name);
        shell_wrap_put_line(&wrap, shell_read_str(skipped, "level"));
        shell_wrap_c(&wrap, " was not asked: a budget is used up: ");
        shell_wrap_put_line(&wrap, shell_read_str(skipped, "detail"));
        shell_wrap_c(&wrap, "\n");
        shell_wrap_done(&wrap);
    }
}

static void body_write(struct core_buf *body, struct core_str question,
                       const struct shell_call *call, const struct shell_answer *answer)
{
    struct core_json_out o;
    core_json_out_init(&o, body);
    core_json_out_object(&o, NULL);
    core_json_out_str(&o, "message", question);
    core_json_out_bool(&o, "stream", true);
    core_json_out_c(&o, "level_max", core_config_str(call->config, CORE_CONFIG_LEVEL_MAX));
    if (*answer->conversation) {
        core_json_out_c(&o, "conversation_id", answer->conversation);
    }
    core_json_out_end(&o);
}

static void conversation_keep(struct shell_answer *answer)
{
    struct core_str id = CORE_STR("");
    core_json_str(member(answer, "conversation_id"), &id);
    if (id.len && id.len < sizeof answer->conversation) {
        memcpy(answer->conversation, id.ptr, id.len);
        answer->conversation[id.len] = '\0';
    }
}

static void finish(struct show *show)
{
    if (show->call->json) {
        fwrite(show->raw.ptr, 1, show->raw.len, stdout);
        putchar('\n');
    } else {
        if (!show->text_shown) {
            struct core_str text = CORE_STR("");
            core_json_str(member(show->answer, "answer"), &text);
            shell_wrap_put(&show->text, text);
        }
        shell_wrap_c(&show->text, "\n");
        fflush(stdout);
        shell_answer_read_as(core_json_get(member(show->answer, "receipt"), "read_as"));
        receipt_show(show->answer);
    }
    skip_show(show->call, show->answer);
    loss_show(show->call, show->answer);
}

int shell_answer_ask(struct shell_client *client, const struct shell_call *call,
                     struct core_str question, struct shell_answer *answer)
{
    struct show show = {.call = call, .answer = answer};
    struct core_buf body;
    core_buf_init(&body, SHELL_LIMIT_EVENT);
    core_buf_init(&show.raw, SHELL_LIMIT_EVENT);
    shell_wrap_init(&show.text, stdout);
    body_write(&body, question, call, answer);
    core_json_free(answer->done);
    answer->done = NULL;
    shell_progress("Looking…");
    int status = shell_client_stream(client, "POST", "/api/chat/message", &body, on_event, &show);
    shell_progress_clear();
    if (status == SHELL_OK && answer->done) {
        conversation_keep(answer);
        finish(&show);
    } else if (status == SHELL_OK) {
        status = shell_fail(call, "the answer broke off: ask again");
    } else if (show.text_shown && !show.failed) {
        shell_wrap_c(&show.text, "\n");
    }
    shell_wrap_done(&show.text);
    core_buf_done(&show.raw);
    core_buf_done(&body);
    return status;
}

/* The lines of a quote, each put in. */
static void quote_put(struct shell_wrap *wrap, struct core_str quote)
{
    struct core_str line;
    while (core_str_split(&quote, '\n', &line)) {
        shell_wrap_f(wrap, "%*s", line.len ? SOURCE_INDENT : 0, "");
        shell_wrap_put(wrap, line);
        shell_wrap_c(wrap, "\n");
    }
}

void shell_answer_sources(const struct shell_answer *answer)
{
    core_json sources = core_json_get(member(answer, "receipt"), "sources");
    struct core_json_iter it = core_json_iter(sources);
    struct core_str key;
    core_json source;
    size_t number = 0;
    struct shell_wrap wrap;
    shell_wrap_init(&wrap, stdout);
    wrap.indent = SOURCE_INDENT;
    while (core_json_next(&it, &key, &source)) {
        shell_wrap_f(&wrap, "  %zu. ", ++number);
        shell_wrap_style(&wrap, "\033[1m");
        shell_wrap_put_line(&wrap, shell_read_str(source, "title"));
        shell_wrap_style(&wrap, "\033[0m");
        shell_wrap_f(&wrap, "\n%*s", SOURCE_INDENT, "");
        place_put(&wrap, source);
        quote_put(&wrap, shell_read_str(source, "quote"));
        shell_wrap_c(&wrap, "\n");
    }
    if (number == 0) {
        shell_wrap_c(&wrap, "The last answer has no sources.\n");
    }
    shell_wrap_done(&wrap);
}

void shell_answer_done(struct shell_answer *answer)
{
    core_json_free(answer->done);
    answer->done = NULL;
}
