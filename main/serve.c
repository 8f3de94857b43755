/*
 * serve.c: `sky serve`: lock, rooms, listeners, one line that says ready, then the loop until a
 * signal ends it.
 *
 * The order matters: nothing is written into a data folder that another server holds, and the ready
 * line is printed when a request would be answered.
 */
#include "core/limits.h"
#include "core/log.h"
#include "core/mem.h"
#include "core/store/store.h"
#include "gate/gate.h"
#include "gate/route.h"
#include "main/main.h"
#include "web/assets.h"

#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

/* As of other wrong values, which the command line finds. */
enum { EXIT_USAGE = 2 };
/* How many ports above a busy default one are tried. */
enum { PORT_TRIES = 20 };

struct server {
    struct core_config_live config;
    struct main_paths paths;
    struct main_rooms rooms;
    struct main_clients *clients; /* NULL: it does not end without them */
    char http[300], https[300];
    unsigned stops;           /* how often it was told to end */
    unsigned connections_max; /* 0: as many as the gate takes */
};

static int say(char *why)
{
    for (char *c = why; *c; c++) { /* one line, whatever a file is called */
        *c = (unsigned char)*c < 0x20 || *c == 0x7f ? '?' : *c;
    }
    fprintf(stderr, "sky: %s\n", why);
    return EXIT_FAILURE;
}

static void url_put(char *out, size_t cap, const char *host, unsigned port, bool tls)
{
    bool v6 = strchr(host, ':') != NULL;
    snprintf(out, cap, "%s://%s%s%s:%u", tls ? "https" : "http", v6 ? "[" : "", host, v6 ? "]" : "",
             port);
}

/* Where this machine itself goes, and for which the certificate is good: not to "any address". */
static void url_own(const char *url, char *out, size_t cap)
{
    struct core_str rest = core_str(url), scheme = CORE_STR("");
    core_str_split(&rest, '/', &scheme);
    bool v4 = core_str_starts(rest, CORE_STR("/0.0.0.0:"));
    bool v6 = core_str_starts(rest, CORE_STR("/[::]:"));
    const char *port = strrchr(url, ':');
    if (v4 || v6) {
        snprintf(out, cap, "%.*s//%s%s", CORE_STR_ARG(scheme), v4 ? "127.0.0.1" : "[::1]", port);
    } else {
        snprintf(out, cap, "%s", url);
    }
}

static bool is_loopback(const char *host)
{
    return strncmp(host, "127.", 4) == 0 || strcmp(host, "::1") == 0 ||
           strcmp(host, "localhost") == 0;
}

/* Why an address cannot be listened on. */
static const char *listen_why(int err)
{
    switch (err) {
    case CORE_EBUSY:
        return "another program uses this port";
    case CORE_ENOTFOUND:
        return "this is not an address of this machine";
    case CORE_EINVAL:
        return "names are not looked up, only addresses can be listened on";
    default:
        return core_err_text(err);
    }
}

/* One listener as configured; url stays empty when it is off. */
static int listener_open(struct server *s, enum core_config_key key, bool tls, char *url,
                         size_t url_cap, char *why, size_t why_cap)
{
    const char *value = core_config_str(s->config.current, key);
    bool asked = core_config_source(s->config.current, key) != CORE_CONFIG_DEFAULT;
    char host[256];
    unsigned port, bound;
    if (strcmp(value, "off") == 0) {
        return 0;
    }
    int err = core_config_addr(value, host, sizeof host, &port);
    if (err) {
        snprintf(why, why_cap, "%s is no address: write it as 127.0.0.1:8080", value);
        return err;
    }
    unsigned tries = asked ? 1 : PORT_TRIES;
    for (unsigned i = 0; i < tries; i++) {
        err = gate_listen(s->rooms.gate, host, port + i, tls, &bound);
        if (err != CORE_EBUSY) {
            break;
        }
    }
    if (err) {
        snprintf(why, why_cap, "%s: %s: choose another address with --%s", value, listen_why(err),
                 tls ? "https" : "http");
        return err;
    }
    if (!tls && !is_loopback(host)) {
        fprintf(
            stderr,
            "sky: plain HTTP on %s can be read and altered on its way: let others use --https\n",
            host);
    }
    if (port && bound != port) {
        fprintf(stderr, "sky: port %u is in use, listening on %u instead\n", port, bound);
    }
    url_put(url, url_cap, host, bound, tls);
    return 0;
}

static int listeners_open(struct server *s, char *why, size_t why_cap)
{
    int err = listener_open(s, CORE_CONFIG_HTTP, false, s->http, sizeof s->http, why, why_cap);
    if (!err) {
        err = listener_open(s, CORE_CONFIG_HTTPS, true, s->https, sizeof s->https, why, why_cap);
    }
    return err;
}

static void ready_notify(const struct server *s)
{
    char state[700];
    snprintf(state, sizeof state, "READY=1\nSTATUS=Answers at %s%s%s", s->http,
             *s->http && *s->https ? " and " : "", s->https);
    main_notify(state);
}

static void ready_print(struct server *s)
{
    char code[ACCOUNT_CODE_SIZE];
    char page[sizeof s->http];
    url_own(*s->http ? s->http : s->https, page, sizeof page);
    account_code_new(s->rooms.accounts, code);
    printf("sky: ready%s%s%s%s\n", *s->http ? " " : "", s->http, *s->https ? " " : "", s->https);
    printf("sky: open %s/login?code=%s\n", page, code);
    fflush(stdout);
    core_wipe(code, sizeof code);
}

static void on_drained(void *arg)
{
    struct server *s = arg;
    core_loop_stop(s->rooms.loop);
}

static void stop(struct server *s)
{
    if (s->stops++ == 0) {
        main_notify("STOPPING=1\nSTATUS=Running answers finish");
        /* It takes no more connections: commands that come now wait for the lock instead. */
        main_run_remove(core_env_real(), s->paths.data);
        ai_wind_down(s->rooms.ai);
        gate_drain(s->rooms.gate, on_drained, s);
    } else {
        gate_drain_now(s->rooms.gate);
    }
}

static void on_terminate(void *arg, int signo)
{
    core_log(CORE_LOG_INFO, "serve.stop", {"signal", CORE_LOG_I(signo)});
    stop(arg);
}

static void on_no_clients(void *arg)
{
    core_log(CORE_LOG_INFO, "serve.stop", {"clients", CORE_LOG_C("none")});
    stop(arg);
}

static void on_reload(void *arg, int signo)
{
    struct server *s = arg;
    char why[512] = "";
    (void)signo;
    main_notify("RELOADING=1");
    main_live_reload(&s->rooms, &s->config);
    int err = gate_reload(s->rooms.gate, why, sizeof why);
    account_audit(s->rooms.accounts,
                  &(const struct account_event){.act = ACCOUNT_ACT_CONFIG_RELOADED,
                                                .outcome = err ? "certificate refused" : NULL});
    if (err) {
        core_log(CORE_LOG_ERROR, "serve.reload", {"error", CORE_LOG_C(why)});
    } else {
        core_log(CORE_LOG_INFO, "serve.reload", {"certificate", CORE_LOG_C("read again")});
    }
    ready_notify(s);
}

static int gate_begin(struct server *s, char *why, size_t why_cap)
{
    const struct gate_options options = {
        .net = core_net_uv(),
        .services = {.env = core_env_real(),
                     .loop = s->rooms.loop,
                     .store = s->rooms.store,
                     .accounts = s->rooms.accounts,
                     .ai = s->rooms.ai,
                     .node = s->rooms.node,
                     .identity = s->rooms.identity,
                     .genom = main_genom_dict(s->rooms.genom),
                     .genom_damaged = main_genom_damaged(s->rooms.genom),
                     .genom_intact = main_genom_intact(s->rooms.genom),
                     .sessions = s->rooms.sessions,
                     .backups = s->rooms.backups,
                     .config = &s->config,
                     .registration_open = strcmp(core_config_str(s->config.current,
                                                                 CORE_CONFIG_REGISTRATION),
                                                 "open") == 0},
        .routes = gate_routes,
        .route_count = gate_route_count,
        .assets = web_assets,
        .asset_count = web_asset_count,
        .pack = main_pack_asset(s->rooms.pack),
        .connections_max = s->connections_max,
        .cors = core_config_str(s->config.current, CORE_CONFIG_CORS),
    };
    s->rooms.gate = gate_new(&options);
    int err = listeners_open(s, why, why_cap);
    if (!err) {
        char http[sizeof s->http], https[sizeof s->https];
        url_own(s->http, http, sizeof http);
        url_own(s->https, https, sizeof https);
        err = main_run_write(core_env_real(), s->paths.data, *http ? http : NULL,
                             *https ? https : NULL,
                             (unsigned)core_config_int(s->config.current, CORE_CONFIG_NOD));
        if (err) {
            snprintf(why, why_cap, "%s/run.json: %s", s->paths.data, core_err_text(err));
        }
    }
    return err;
}

static int server_run(struct server *s)
{
    char why[1024] = "";
    int status = EXIT_FAILURE;
    if (main_rooms_open(s->config.current, &s->paths, &s->rooms, why, sizeof why)) {
        return say(why);
    }
    if (gate_begin(s, why, sizeof why)) {
        say(why);
        goto out;
    }
    core_loop_signal(s->rooms.loop, SIGTERM, on_terminate, s);
    core_loop_signal(s->rooms.loop, SIGINT, on_terminate, s);
    core_loop_signal(s->rooms.loop, SIGHUP, on_reload, s);
    s->clients = main_clients_watch(s->rooms.loop, s->paths.data, on_no_clients, s);
    ready_print(s);
    ready_notify(s);
    main_live_learn(&s->rooms, s->config.current);
    main_genom_check(s->rooms.genom);
    core_loop_run(s->rooms.loop);
    main_clients_close(s->clients);
    status = EXIT_SUCCESS;
out:
    /* What runs on the gate's threads asks all rooms. Answers in flight end with theirs; the gate's
     * requests must still be there for that. */
    if (s->rooms.gate)
        gate_work_end(s->rooms.gate);
    ai_free(s->rooms.ai);
    s->rooms.ai = NULL;
    gate_free(s->rooms.gate);
    main_rooms_free(&s->rooms);
    return status;
}

/* The usual soft limit of 1,024 descriptors is below what the gate may hold open. Where the system
 * gives fewer, the gate takes fewer connections, so that the store and the models find theirs. */
static unsigned descriptors_raise(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit)) {
        return 0;
    }
    if (limit.rlim_cur < MAIN_DESCRIPTORS && limit.rlim_cur < limit.rlim_max) {
        rlim_t before = limit.rlim_cur;
        limit.rlim_cur = limit.rlim_max < MAIN_DESCRIPTORS ? limit.rlim_max : MAIN_DESCRIPTORS;
        if (setrlimit(RLIMIT_NOFILE, &limit)) {
            limit.rlim_cur = before;
        }
    }
    if (limit.rlim_cur >= MAIN_DESCRIPTORS) {
        return 0;
    }
    rlim_t kept = MAIN_DESCRIPTORS_KEPT < limit.rlim_cur / 2 ? MAIN_DESCRIPTORS_KEPT
                                                             : limit.rlim_cur / 2;
    return (unsigned)(limit.rlim_cur - kept);
}

/* What is wrong with the options themselves, beyond what their types say. */
static int options_check(const struct core_config *config, char *why, size_t why_cap)
{
    int err = store_url_check(core_config_str(config, CORE_CONFIG_STORE), why, why_cap);
    if (!err) {
        err = gate_cors_check(core_config_str(config, CORE_CONFIG_CORS), why, why_cap);
    }
    if (!err && strcmp(core_config_str(config, CORE_CONFIG_HTTP), "off") == 0 &&
        strcmp(core_config_str(config, CORE_CONFIG_HTTPS), "off") == 0) {
        snprintf(why, why_cap, "both listeners are off: turn --http or --https on");
        err = CORE_EINVAL;
    }
    return err;
}

int main_serve(const struct core_config *config)
{
    struct server *s = core_alloc(sizeof *s);
    const struct core_env *env = core_env_real();
    char why[1024] = "";
    int lock = -1, status;
    s->config.started = s->config.current = config;
    main_live_log(config);
    s->connections_max = descriptors_raise();
    /* Many threads each with an arena of their own would triple the resident memory. */
    mallopt(M_ARENA_MAX, 2);
    /* glibc would let the threshold grow, and large blocks that were freed (the models' buffers
     * when a larger batch needs larger ones) stay in the arenas as holes. */
    mallopt(M_MMAP_THRESHOLD, MAIN_HEAP_BLOCK);
    /* Fixing one fixes the other, at 128 KB: each large answer would end in a call of brk(). */
    mallopt(M_TRIM_THRESHOLD, 2 * MAIN_HEAP_BLOCK);
    if (options_check(config, why, sizeof why)) {
        say(why);
        status = EXIT_USAGE;
    } else if (main_paths_find(config, &s->paths, why, sizeof why)) {
        status = say(why);
    } else if (env->fs->mkdirs(env->ctx, s->paths.data, 0700)) {
        snprintf(why, sizeof why, "%s cannot be made: give --data a folder that can be written",
                 s->paths.data);
        status = say(why);
    } else if (main_lock_own(s->paths.data, &lock, why, sizeof why)) {
        status = say(why);
    } else {
        status = server_run(s);
        close(lock);
    }
    if (s->config.current != s->config.started) {
        core_config_free((struct core_config *)s->config.current);
    }
    free(s);
    return status;
}
