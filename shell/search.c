/*
 * search.c: `sky search`: passages, with the words that were asked for made visible.
 */
#include "core/limits.h"
#include "shell/answer.h"
#include "shell/excerpt.h"
#include "shell/read.h"
#include "shell/term.h"
#include "shell/wrap.h"

#include <stdio.h>

enum { SNIPPET_BYTES = 280, K_MAX = 50 };

/* What stands between words: runs of blanks and line ends become one blank. */
static void gap_put(struct shell_wrap *wrap, struct core_str gap, bool *blank)
{
    for (size_t at = 0, len; at < gap.len; at += len) {
        uint32_t code;
        len = core_utf8_next(gap, at, &code);
        bool space = code == ' ' || code == '\n' || code == '\t';
        if (!space || !*blank) {
            shell_wrap_put_line(wrap, space ? CORE_STR(" ") : core_strn(gap.ptr + at, len));
        }
        *blank = space;
    }
}

/* The part of the text that was asked for as one paragraph, words of the query in bold. */
static void snippet_put(struct shell_wrap *wrap, struct core_str text, struct core_str words)
{
    size_t begin = shell_excerpt_begin(text, words, SNIPPET_BYTES);
    struct core_str part = core_strn(text.ptr + begin, text.len - begin);
    bool blank = true, is_word;
    part.len = core_utf8_cut(part, SNIPPET_BYTES);
    shell_wrap_c(wrap, begin ? "…" : "");
    for (size_t at = 0, stop; at < part.len; at = stop) {
        stop = shell_excerpt_run(part, at, &is_word);
        struct core_str run = core_strn(part.ptr + at, stop - at);
        if (!is_word) {
            gap_put(wrap, run, &blank);
            continue;
        }
        bool hit = shell_excerpt_hit(run, words);
        shell_wrap_style(wrap, hit ? "\033[1m" : "");
        shell_wrap_put_line(wrap, run);
        shell_wrap_style(wrap, hit ? "\033[0m" : "");
        blank = false;
    }
    shell_wrap_c(wrap, begin + part.len < text.len ? "…\n" : "\n");
}

static void result_put(size_t number, core_json result, struct core_str words)
{
    struct core_str location = shell_read_str(result, "location");
    struct shell_wrap wrap;
    shell_wrap_init(&wrap, stdout);
    wrap.indent = 3;
    shell_wrap_style(&wrap, "\033[1m");
    shell_wrap_f(&wrap, "%zu. ", number);
    shell_wrap_put_line(&wrap, shell_read_str(result, "title"));
    shell_wrap_style(&wrap, "\033[0m");
    shell_wrap_c(&wrap, "\n   ");
    shell_wrap_style(&wrap, "\033[2m");
    shell_wrap_path(&wrap, shell_read_str(result, "document"));
    if (location.len) {
        shell_wrap_c(&wrap, " · ");
        shell_wrap_put_line(&wrap, location);
    }
    shell_wrap_style(&wrap, "\033[0m");
    shell_wrap_c(&wrap, "\n   ");
    snippet_put(&wrap, shell_read_str(result, "text"), words);
    shell_wrap_c(&wrap, "\n");
    shell_wrap_done(&wrap);
}

static bool any_holds(core_json results, struct core_str words)
{
    static const char *const places[] = {"title", "location", "text"};
    struct core_json_iter it = core_json_iter(results);
    struct core_str key;
    core_json result;
    bool holds = false;
    while (!holds && core_json_next(&it, &key, &result)) {
        for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
            holds |= shell_excerpt_holds(shell_read_str(result, places[i]), words);
        }
    }
    return holds;
}

static void results_put(const struct core_json_doc *doc, struct core_str words)
{
    core_json results = core_json_get(core_json_root(doc), "results"), result;
    struct core_json_iter it = core_json_iter(results);
    struct core_str key;
    size_t number = 0;
    if (core_json_count(results) > 0 && !any_holds(results, words)) {
        shell_wrap_say(stderr, "no passage has these words; nearest by meaning:");
    }
    while (core_json_next(&it, &key, &result)) {
        result_put(++number, result, words);
    }
    if (number == 0) {
        shell_wrap_say(stderr, "nothing found: try other words, or learn more documents");
    }
}

/* What was meant is shown where it stands, too. */
static void words_add(struct core_buf *words, core_json read_as)
{
    struct core_json_iter it = core_json_iter(read_as);
    struct core_str key;
    core_json word;
    while (core_json_next(&it, &key, &word)) {
        core_buf_add_byte(words, ' ');
        core_buf_add_str(words, shell_read_str(word, "as"));
    }
}

int shell_search(const struct shell_call *call)
{
    struct shell_client *client = NULL;
    struct core_json_doc *doc = NULL;
    struct core_buf words, path;
    int64_t k = 5;
    if (call->k && core_str_to_i64(core_str(call->k), 1, K_MAX, &k)) {
        return shell_misuse(call, "-k must be a number from 1 to %d", K_MAX);
    }
    shell_interrupt_catch();
    core_buf_init(&words, SHELL_LIMIT_QUESTION);
    core_buf_init(&path, SHELL_LIMIT_QUESTION);
    for (size_t i = 0; i < call->arg_count; i++) {
        core_buf_addf(&words, "%s%s", i ? " " : "", call->args[i]);
    }
    if (core_str_trim(core_buf_str(&words)).len == 0) {
        core_buf_done(&words);
        return shell_misuse(call, "the words are empty");
    }
    core_buf_addf(&path, "/api/crawler/knowledge?k=%lld&q=", (long long)k);
    shell_url_encode(&path, core_buf_str(&words));
    int status = core_buf_error(&path) ? shell_fail(call, "the words are too long: use fewer")
                                       : shell_client_open_known(call, &client);
    if (!status) {
        status = shell_client_call(client, "GET", path.ptr, NULL, &doc);
    }
    if (!status && call->json) {
        shell_read_print(doc);
    } else if (!status) {
        core_json read_as = core_json_get(core_json_root(doc), "read_as");
        shell_answer_read_as(read_as);
        words_add(&words, read_as);
        results_put(doc, core_buf_str(&words));
    }
    core_json_free(doc);
    shell_client_close(client);
    core_buf_done(&path);
    core_buf_done(&words);
    return status;
}
