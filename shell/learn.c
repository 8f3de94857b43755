/*
 * learn.c: `sky learn`: starts the job, shows its progress, lists what could not be read.
 */
#include "core/limits.h"
#include "core/path.h"
#include "core/env.h"
#include "shell/client.h"
#include "shell/read.h"
#include "shell/term.h"
#include "shell/wrap.h"

#include <errno.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

struct learning {
    const struct shell_call *call;
    struct core_json_doc *job; /* the last state seen */
    struct core_buf raw;
};

static int64_t number(const struct learning *l, const char *name)
{
    return shell_read_i64(core_json_root(l->job), name);
}

static double real(core_json object, const char *name)
{
    double x = 0;
    core_json_double(core_json_get(object, name), &x);
    return x;
}

/* " · 12 s left", in minutes and hours where that says more; nothing for the last moment. */
static void left_add(struct core_buf *words, double seconds)
{
    if (seconds >= 100 * 60) {
        core_buf_addf(words, " · %.0f h left", seconds / 3600);
    } else if (seconds >= 100) {
        core_buf_addf(words, " · %.0f min left", seconds / 60);
    } else if (seconds >= 0.5) {
        core_buf_addf(words, " · %.0f s left", seconds);
    }
}

/* The bar takes what the words leave. */
static void progress_show(double done, double total, double rate, double eta_s, const char *what)
{
    enum { BAR_MIN = 6, BAR_MAX = 40, NARROW = 60 };
    unsigned columns = shell_term_columns();
    struct core_buf words;
    char bar[BAR_MAX + 1];
    core_buf_init(&words, SHELL_LIMIT_WORD);
    core_buf_addf(&words, " %.0f/%.0f %s", done, total, what);
    if (columns >= NARROW && rate > 0) {
        core_buf_addf(&words, " · %.0f/s", rate);
    }
    left_add(&words, eta_s);
    unsigned used = (unsigned)words.len + 1;
    unsigned width = columns > used + BAR_MIN ? columns - used : BAR_MIN;
    shell_bar(total > 0 ? done / total : 0, width > BAR_MAX ? BAR_MAX : width, bar);
    shell_progress("%s%s", bar, words.ptr);
    core_buf_done(&words);
}

static int on_event(void *arg, const char *name, struct core_str data)
{
    struct learning *l = arg;
    struct core_json_doc *doc = NULL;
    (void)name;
    if (core_json_parse(data, &doc, NULL, 0)) {
        return shell_fail(l->call, "the server sent an event that is no JSON");
    }
    core_json_free(l->job);
    l->job = doc;
    core_buf_clear(&l->raw);
    core_buf_add_str(&l->raw, data);
    struct core_str waiting;
    if (core_json_str(core_json_get(core_json_root(doc), "waiting"), &waiting) == 0) {
        shell_progress("waiting: %.*s", CORE_STR_ARG(waiting));
    } else {
        progress_show((double)number(l, "files_done"), (double)number(l, "files_total"),
                      real(core_json_root(doc), "rate_files_s"), real(core_json_root(doc), "eta_s"),
                      "files");
    }
    return 0;
}

/* The paths, made absolute as the server needs them.
 * A missing one stops before anything is learned. */
static int body_write(const struct shell_call *call, struct core_buf *body)
{
    struct core_json_out o;
    core_json_out_init(&o, body);
    core_json_out_object(&o, NULL);
    core_json_out_array(&o, "paths");
    for (size_t i = 0; i < call->arg_count; i++) {
        const char *path = call->args[i];
        if (strstr(path, "://")) {
            return shell_misuse(
                call, "%s: only files and folders can be learned: save it as a file", path);
        }
        struct core_buf full;
        core_buf_init(&full, SHELL_LIMIT_QUESTION);
        int err = access(path, F_OK) ? core_err_from_errno(errno) : core_path_absolute(path, &full);
        if (!err && !core_utf8_valid(core_buf_str(&full))) {
            err = CORE_EUTF8;
        }
        core_json_out_str(&o, NULL, core_buf_str(&full));
        core_buf_done(&full);
        if (err) {
            return shell_fail(call, "%s: %s", path,
                              err == CORE_ENOTFOUND
                                  ? "there is no such file or folder: check the path"
                                  : core_err_text(err));
        }
    }
    core_json_out_end(&o);
    core_json_out_end(&o);
    return SHELL_OK;
}

static void summary_show(const struct learning *l)
{
    struct shell_wrap wrap;
    shell_wrap_init(&wrap, stdout);
    shell_wrap_f(&wrap, "%lld added, %lld updated, %lld unchanged, %lld removed",
                 (long long)number(l, "added"), (long long)number(l, "updated"),
                 (long long)number(l, "unchanged"), (long long)number(l, "removed"));
    if (number(l, "duplicates")) {
        shell_wrap_f(&wrap, ", %lld of them duplicates", (long long)number(l, "duplicates"));
    }
    if (number(l, "failed")) {
        shell_wrap_f(&wrap, ", %lld failed", (long long)number(l, "failed"));
    }
    if (number(l, "skipped")) {
        shell_wrap_f(&wrap, ", %lld skipped as empty", (long long)number(l, "skipped"));
    }
    shell_wrap_c(&wrap, "\n");
    shell_wrap_done(&wrap);
    fflush(stdout);
}

static void failures_show(const struct learning *l)
{
    core_json errors = core_json_get(core_json_root(l->job), "errors");
    struct core_json_iter it = core_json_iter(errors);
    struct core_str key;
    core_json item;
    struct shell_wrap wrap;
    shell_wrap_init(&wrap, stderr);
    wrap.indent = 2;
    while (core_json_next(&it, &key, &item)) {
        struct core_str document = CORE_STR("?"), error = CORE_STR("?");
        core_json_str(core_json_get(item, "document"), &document);
        core_json_str(core_json_get(item, "error"), &error);
        if (document.len > 0) { /* else the job itself could not go on */
            shell_wrap_put_line(&wrap, document);
            shell_wrap_c(&wrap, ": ");
        }
        shell_wrap_put_line(&wrap, error);
        shell_wrap_c(&wrap, "\n");
    }
    shell_wrap_done(&wrap);
    int64_t hidden = number(l, "failed") - (int64_t)core_json_count(errors);
    if (hidden > 0) {
        fprintf(stderr, "… and %lld more\n", (long long)hidden);
    }
}

/* By both models: the second one is for other languages than English. */
static int vectors_wait(struct shell_client *client)
{
    int status = SHELL_OK;
    while (!status) {
        struct core_json_doc *doc = NULL;
        const struct timespec delay = {.tv_nsec = 300 * 1000000};
        int64_t chunks = 0, vectors = 0, second = 0;
        status = shell_client_call(client, "GET", "/api/status", NULL, &doc);
        if (status) {
            break;
        }
        core_json knowledge = core_json_get(core_json_root(doc), "knowledge");
        core_json learning = core_json_get(core_json_root(doc), "learning");
        core_json_i64(core_json_get(knowledge, "chunks"), &chunks);
        core_json_i64(core_json_get(knowledge, "vectors"), &vectors);
        core_json_i64(core_json_get(learning, "second_pending"), &second);
        bool first = vectors < chunks;
        progress_show((double)(first ? vectors : chunks - second), (double)chunks,
                      real(learning, "rate_s"), real(learning, "eta_s"), "passages");
        core_json_free(doc);
        if (!first && second <= 0) {
            break;
        }
        nanosleep(&delay, NULL);
        status = shell_interrupted() ? SHELL_INTERRUPTED : SHELL_OK;
    }
    shell_progress_clear();
    if (status == SHELL_INTERRUPTED) {
        shell_wrap_say(stderr, "not waited for: words can be searched, meaning follows while a "
                               "server runs");
    }
    return status;
}

/* Follows the job to its end; Ctrl-C cancels it. */
static int job_follow(struct shell_client *client, const char *id, struct learning *l)
{
    char path[64 + CORE_ID_SIZE];
    snprintf(path, sizeof path, "/api/crawler/jobs/%s", id);
    int status = shell_client_stream(client, "GET", path, NULL, on_event, l);
    shell_progress_clear();
    if (status == SHELL_INTERRUPTED) {
        shell_interrupt_clear();
        shell_client_call(client, "DELETE", path, NULL, NULL);
        shell_wrap_say(stderr, "cancelled; what was learned stays, the rest can be learned later");
    }
    return status;
}

static int job_start(struct shell_client *client, const struct core_buf *body,
                     char ret_id[static CORE_ID_SIZE])
{
    struct core_json_doc *doc = NULL;
    struct core_str id = CORE_STR("");
    int status = shell_client_call(client, "POST", "/api/crawler/learn", body, &doc);
    if (!status) {
        core_json_str(core_json_get(core_json_root(doc), "job_id"), &id);
        snprintf(ret_id, CORE_ID_SIZE, "%.*s", CORE_STR_ARG(id));
    }
    core_json_free(doc);
    return status;
}

static int result_show(const struct learning *l)
{
    struct core_str state = CORE_STR("failed");
    core_json_str(core_json_get(core_json_root(l->job), "state"), &state);
    if (l->call->json) {
        fwrite(l->raw.ptr, 1, l->raw.len, stdout);
        putchar('\n');
    } else {
        summary_show(l);
        failures_show(l);
    }
    int64_t kept = number(l, "added") + number(l, "updated") + number(l, "unchanged");
    bool nothing = kept + number(l, "removed") == 0 && number(l, "failed") > 0;
    return core_str_eq_c(state, "done") && !nothing ? SHELL_OK : SHELL_FAILED;
}

int shell_learn(const struct shell_call *call)
{
    struct learning l = {.call = call};
    struct shell_client *client = NULL;
    struct core_buf body;
    char id[CORE_ID_SIZE];
    core_buf_init(&body, SHELL_LIMIT_EVENT);
    core_buf_init(&l.raw, SHELL_LIMIT_EVENT);
    shell_interrupt_catch();
    int status = body_write(call, &body);
    if (!status) {
        status = shell_client_open(call, &client);
    }
    if (!status) {
        status = job_start(client, &body, id);
    }
    if (!status) {
        status = job_follow(client, id, &l);
    }
    if (!status && l.job) {
        status = result_show(&l);
    }
    if (!status && call->wait_vectors) {
        status = vectors_wait(client);
    }
    shell_client_close(client);
    core_json_free(l.job);
    core_buf_done(&l.raw);
    core_buf_done(&body);
    return status;
}
