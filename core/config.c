/*
 * config.c: gathers the values of all options. Sources are read from the weakest to the strongest,
 * each overwriting the one before: defaults, file, environment, flags. The flags are looked at
 * first for `--config` alone, because the file they name comes before them.
 */
#include "core/config.h"

#include "core/config_impl.h"
#include "core/env.h"
#include "core/err.h"
#include "core/limits.h"
#include "core/mem.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

static const char *variable(char **envp, const char *name)
{
    size_t len = strlen(name);
    for (; envp && *envp; envp++)
        if (strncmp(*envp, name, len) == 0 && (*envp)[len] == '=')
            return (*envp)[len + 1] != '\0' ? *envp + len + 1 : NULL; /* empty = unset */
    return NULL;
}

/* --- Flags ---------------------------------------------------------------------------------- */

struct flag {
    enum core_config_key key;
    struct core_str value;
    int taken; /* arguments it consists of, 1 or 2 */
};

/* Which key `name` ("--nod", "--no-cache") is; CORE_CONFIG_KEY_COUNT for none. */
static enum core_config_key flag_key(struct core_str name, bool *ret_negated)
{
    for (int key = 0; key < CORE_CONFIG_KEY_COUNT; key++) {
        char known[CORE_CONFIG_NAME];
        core_config_flag_name((enum core_config_key)key, known);
        *ret_negated = false;
        if (core_str_eq_c(name, known))
            return (enum core_config_key)key;
        *ret_negated = true;
        if (core_config_specs[key].type == CORE_CONFIG_BOOL &&
            core_str_starts(name, CORE_STR("--no-")) &&
            core_str_eq_c(core_strn(name.ptr + 5, name.len - 5), known + 2))
            return (enum core_config_key)key;
    }
    return CORE_CONFIG_KEY_COUNT;
}

/* Reads the option at argv[0] of `left` arguments. */
static int parse_flag(int left, char **argv, struct flag *ret, struct core_buf *why)
{
    struct core_str all = core_str(argv[0]);
    ssize_t equals = core_str_find_byte(all, '=');
    struct core_str name = equals < 0 ? all : core_strn(all.ptr, (size_t)equals);
    bool negated;
    struct flag flag = {.key = flag_key(name, &negated), .taken = 1};
    name.len = core_utf8_cut(name, CORE_CONFIG_NAME); /* for messages, from here on */
    if (flag.key == CORE_CONFIG_KEY_COUNT) {
        core_buf_addf(why, "there is no option %.*s", CORE_STR_ARG(name));
        core_config_suggest(name, why, core_config_flag_name);
        return CORE_EINVAL;
    }
    if (equals >= 0) {
        flag.value = core_str(all.ptr + equals + 1);
        if (negated) {
            core_buf_addf(why, "%.*s takes no value", CORE_STR_ARG(name));
            return CORE_EINVAL;
        }
    } else if (core_config_specs[flag.key].type == CORE_CONFIG_BOOL) {
        flag.value = negated ? CORE_STR("false") : CORE_STR("true");
    } else if (left < 2 || strncmp(argv[1], "--", 2) == 0) {
        core_buf_addf(why, "%.*s needs a value: ", CORE_STR_ARG(name));
        core_config_describe(flag.key, why);
        return CORE_EINVAL;
    } else {
        flag.value = core_str(argv[1]);
        flag.taken = 2;
    }
    *ret = flag;
    return 0;
}

/* "-x", but neither "-" nor "-5" nor "-x is what?". */
static bool is_letter_option(const char *arg)
{
    char c = arg[0] == '-' ? arg[1] : '\0';
    return ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) && arg[2] == '\0';
}

/* Goes over argv once; with `only` it sets that key alone, and takes nothing out. */
static int read_flags(struct core_config *config, int argc, char **argv, const int *only,
                      char **rest, size_t *rest_count, struct core_buf *why)
{
    int i = 1;
    while (i < argc && strcmp(argv[i], "--") != 0) {
        if (strncmp(argv[i], "--", 2) != 0) {
            if (is_letter_option(argv[i])) {
                core_buf_addf(why, "there is no option %.2s; after -- it is taken as it is",
                              argv[i]);
                return CORE_EINVAL;
            }
            if (!only)
                rest[(*rest_count)++] = argv[i];
            i++;
            continue;
        }
        struct flag flag;
        int err = parse_flag(argc - i, argv + i, &flag, why);
        if (err)
            return err;
        i += flag.taken;
        if (only && (int)flag.key != *only)
            continue;
        char name[CORE_CONFIG_NAME];
        core_config_flag_name(flag.key, name);
        core_buf_addf(why, "%s: ", name);
        err = core_config_set(config, flag.key, CORE_CONFIG_FLAG, flag.value, why);
        if (err)
            return err;
        core_buf_clear(why);
    }
    for (i++; !only && i < argc; i++)
        rest[(*rest_count)++] = argv[i];
    return 0;
}

/* --- Environment and file ------------------------------------------------------------------- */

static int read_variables(struct core_config *config, char **envp, const int *only,
                          struct core_buf *why)
{
    for (int key = 0; key < CORE_CONFIG_KEY_COUNT; key++) {
        if (only && key != *only)
            continue;
        char name[CORE_CONFIG_NAME];
        core_config_env_name((enum core_config_key)key, name);
        const char *value = variable(envp, name);
        if (!value)
            continue;
        core_buf_addf(why, "%s: ", name);
        int err = core_config_set(config, (enum core_config_key)key, CORE_CONFIG_ENV,
                                  core_str(value), why);
        if (err)
            return err;
        core_buf_clear(why);
    }
    return 0;
}

/* `$XDG_…/sky<tail>` or `$HOME/<below><tail>`; NULL when neither is known. free(). */
static char *xdg_path(char **envp, const char *xdg, const char *below, const char *tail)
{
    const char *base = variable(envp, xdg);
    const char *home = variable(envp, "HOME");
    if (base && base[0] != '/') /* the XDG specification: relative ones are ignored */
        base = NULL;
    if (!base && !home)
        return NULL;
    size_t size = strlen(base ? base : home) + strlen(below) + strlen(tail) + 16;
    char *path = core_alloc(size);
    snprintf(path, size, "%s%s/sky%s", base ? base : home, base ? "" : below, tail);
    return path;
}

static int read_file(struct core_config *config, struct core_buf *why)
{
    const struct core_env *env = core_env_real();
    const char *path = config->file;
    bool was_asked = config->text[CORE_CONFIG_CONFIG][0] != '\0';
    struct core_buf text;
    core_buf_init(&text, CORE_LIMIT_CONFIG_FILE);
    int err = path ? env->fs->read(env->ctx, path, &text) : CORE_ENOTFOUND;
    if (err == 0)
        err = core_config_read_file(config, path, core_buf_str(&text), why);
    else if (err == CORE_ENOTFOUND && !was_asked)
        err = 0;
    else
        core_buf_addf(why, "%s: the configuration cannot be read: %s", path,
                      err == CORE_ENOTFOUND ? "there is no such file" : core_err_text(err));
    core_buf_done(&text);
    return err;
}

/* --- Loading -------------------------------------------------------------------------------- */

static void set_defaults(struct core_config *config)
{
    struct core_buf why;
    core_buf_init(&why, CORE_LIMIT_CONFIG_WHY);
    for (int key = 0; key < CORE_CONFIG_KEY_COUNT; key++) {
        int err = core_config_set(config, (enum core_config_key)key, CORE_CONFIG_DEFAULT,
                                  core_str(core_config_specs[key].fallback), &why);
        assert(err == 0); /* the table's own default */
        (void)err;
    }
    core_buf_done(&why);
}

/* An empty `data` becomes the usual folder. */
static int settle_data(struct core_config *config, struct core_buf *why)
{
    if (config->text[CORE_CONFIG_DATA][0] != '\0')
        return 0;
    if (!config->data) {
        core_buf_add_c(why, "HOME is not set: say where the data goes with --data");
        return CORE_EINVAL;
    }
    free(config->text[CORE_CONFIG_DATA]);
    config->text[CORE_CONFIG_DATA] = core_strdup(core_str(config->data));
    return 0;
}

static int load(struct core_config *config, int argc, char **argv, char **envp, char **rest,
                size_t *rest_count, struct core_buf *why)
{
    const int only_config = CORE_CONFIG_CONFIG;
    config->home = variable(envp, "HOME");
    if (config->home && strlen(config->home) > CORE_LIMIT_CONFIG_VALUE)
        config->home = NULL;
    set_defaults(config);
    int err = read_variables(config, envp, &only_config, why);
    if (err == 0)
        err = read_flags(config, argc, argv, &only_config, rest, rest_count, why);
    if (err)
        return err;
    const char *asked = config->text[CORE_CONFIG_CONFIG];
    config->file = asked[0] ? core_strdup(core_str(asked))
                            : xdg_path(envp, "XDG_CONFIG_HOME", "/.config", "/sky.ini");
    config->data = xdg_path(envp, "XDG_DATA_HOME", "/.local/share", "");
    err = read_file(config, why);
    if (err == 0)
        err = read_variables(config, envp, NULL, why);
    if (err == 0)
        err = read_flags(config, argc, argv, NULL, rest, rest_count, why);
    return err ? err : settle_data(config, why);
}

/* Takes over what a flag or a variable had set: neither changes while a program runs. */
static void keep(struct core_config *config, const struct core_config *from,
                 enum core_config_key key)
{
    if (from->source[key] != CORE_CONFIG_FLAG && from->source[key] != CORE_CONFIG_ENV)
        return;
    free(config->text[key]);
    config->text[key] = core_strdup(core_str(from->text[key]));
    config->number[key] = from->number[key];
    config->source[key] = from->source[key];
}

/* Into the caller's array as one line: what came from outside may hold anything. */
static void give_why(const struct core_buf *from, char *why, size_t why_cap)
{
    if (!why || why_cap == 0)
        return;
    struct core_str s = core_buf_str(from);
    size_t len = core_utf8_cut(s, why_cap - 1);
    size_t n = 0;
    for (size_t at = 0; at < len;) {
        uint32_t code;
        size_t step = core_utf8_next(s, at, &code);
        bool hidden = code < 0x20 || (code >= 0x7f && code < 0xa0) || (code == 0xfffd && step == 1);
        if (hidden)
            why[n++] = '?';
        else
            memcpy(why + n, s.ptr + at, step);
        n += hidden ? 0 : step;
        at += step;
    }
    why[n] = '\0';
}

int core_config_load(int argc, char **argv, char **envp, struct core_config **ret, char ***ret_rest,
                     size_t *ret_rest_count, char *why, size_t why_cap)
{
    struct core_config *config = core_alloc(sizeof *config);
    char **rest = core_alloc_array((size_t)(argc > 0 ? argc : 0) + 1, sizeof *rest);
    size_t rest_count = 0;
    struct core_buf message;
    core_buf_init(&message, CORE_LIMIT_CONFIG_WHY);
    int err = load(config, argc, argv, envp, rest, &rest_count, &message);
    if (err) {
        give_why(&message, why, why_cap);
        free(rest);
        core_config_free(config);
    } else {
        *ret = config;
        *ret_rest = rest;
        *ret_rest_count = rest_count;
    }
    core_buf_done(&message);
    return err;
}

int core_config_reload(const struct core_config *from, struct core_config **ret, char *why,
                       size_t why_cap)
{
    struct core_config *config = core_alloc(sizeof *config);
    struct core_buf message;
    core_buf_init(&message, CORE_LIMIT_CONFIG_WHY);
    config->home = from->home;
    config->file = from->file ? core_strdup(core_str(from->file)) : NULL;
    config->data = from->data ? core_strdup(core_str(from->data)) : NULL;
    set_defaults(config);
    keep(config, from, CORE_CONFIG_CONFIG);
    int err = read_file(config, &message);
    for (int key = 0; key < CORE_CONFIG_KEY_COUNT; key++)
        keep(config, from, (enum core_config_key)key);
    if (err == 0)
        err = settle_data(config, &message);
    if (err) {
        give_why(&message, why, why_cap);
        core_config_free(config);
    } else {
        *ret = config;
    }
    core_buf_done(&message);
    return err;
}

const char *core_config_file(const struct core_config *config)
{
    return config->file ? config->file : "";
}

void core_config_free(struct core_config *config)
{
    if (!config)
        return;
    for (int key = 0; key < CORE_CONFIG_KEY_COUNT; key++)
        free(config->text[key]);
    free(config->file);
    free(config->data);
    free(config);
}

/* --- Asking --------------------------------------------------------------------------------- */

const char *core_config_str(const struct core_config *config, enum core_config_key key)
{
    return config->text[key];
}

int64_t core_config_int(const struct core_config *config, enum core_config_key key)
{
    assert(core_config_specs[key].type == CORE_CONFIG_INT);
    return config->number[key];
}

bool core_config_bool(const struct core_config *config, enum core_config_key key)
{
    assert(core_config_specs[key].type == CORE_CONFIG_BOOL);
    return config->number[key] != 0;
}

const char *core_config_name(enum core_config_key key)
{
    return core_config_specs[key].key;
}

enum core_config_source core_config_source(const struct core_config *config,
                                           enum core_config_key key)
{
    return config->source[key];
}

const char *core_config_default(enum core_config_key key)
{
    return core_config_specs[key].fallback;
}

const char *core_config_about(enum core_config_key key)
{
    return core_config_specs[key].help;
}

void core_config_origin(const struct core_config *config, enum core_config_key key,
                        struct core_buf *out)
{
    char name[CORE_CONFIG_NAME];
    switch (config->source[key]) {
    case CORE_CONFIG_FLAG:
        core_config_flag_name(key, name);
        core_buf_add_c(out, name);
        break;
    case CORE_CONFIG_ENV:
        core_config_env_name(key, name);
        core_buf_add_c(out, name);
        break;
    case CORE_CONFIG_FILE:
        core_buf_addf(out, "%s:%u", config->file, config->line[key]);
        break;
    case CORE_CONFIG_DEFAULT:
        break;
    }
}

/* Of the parameters of an address, whatever is not known to be no secret is left out: PostgreSQL's
 * may be a password, and names can be written in many ways. */
static void show_parameters(struct core_str query, struct core_buf *out)
{
    static const char *const plain[] = {"application_name",
                                        "channel_binding",
                                        "connect_timeout",
                                        "dbname",
                                        "gssencmode",
                                        "host",
                                        "hostaddr",
                                        "options",
                                        "port",
                                        "sslcert",
                                        "sslkey",
                                        "sslmode",
                                        "sslrootcert",
                                        "sslsni",
                                        "target_session_attrs",
                                        "user",
                                        "passfile",
                                        "keepalives",
                                        "service",
                                        "load_balance_hosts"};
    struct core_str pair;
    for (char before = '?'; core_str_split(&query, '&', &pair); before = '&') {
        struct core_str name = CORE_STR("");
        bool shown = false;
        core_str_split(&pair, '=', &name);
        for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
            shown = shown || core_str_eq_c(name, plain[i]);
        core_buf_addf(out, "%c%.*s=", before, CORE_STR_ARG(name));
        core_buf_add_str(out, shown ? pair : CORE_STR("…"));
    }
}

/* The part of an address behind who is there. */
static void show_rest(struct core_str rest, struct core_buf *out)
{
    struct core_str place = CORE_STR("");
    core_str_split(&rest, '?', &place);
    core_buf_add_str(out, place);
    show_parameters(rest, out);
}

void core_config_show(const struct core_config *config, enum core_config_key key,
                      struct core_buf *out)
{
    struct core_str value = core_str(config->text[key]);
    ssize_t scheme = core_str_find(value, CORE_STR("://"));
    size_t from = scheme < 0 ? value.len : (size_t)scheme + 3, at = from;
    for (size_t i = from; i < value.len; i++)
        at = value.ptr[i] == '@' ? i : at; /* the last one: a password may hold others */
    ssize_t colon = core_str_find_byte(core_strn(value.ptr + from, at - from), ':');
    if (scheme < 0) {
        core_buf_add_str(out, value);
        return;
    }
    if (colon < 0) {
        core_buf_add(out, value.ptr, at);
    } else {
        core_buf_add(out, value.ptr, from + (size_t)colon + 1);
        core_buf_add_c(out, "…");
    }
    show_rest(core_strn(value.ptr + at, value.len - at), out);
}
