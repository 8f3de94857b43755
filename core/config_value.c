/*
 * config_value.c: the table of options, their names in flags and variables, and the checks that
 * turn the text of a value into a value.
 */
#include "core/config_impl.h"
#include "core/err.h"
#include "core/limits.h"
#include "core/mem.h"

#include <stdio.h>
#include <stdlib.h>

const struct core_config_spec core_config_specs[CORE_CONFIG_KEY_COUNT] = {
#define X(id, key, type, fallback, min, max, choices, help)                                        \
    {key, CORE_CONFIG_##type, fallback, min, max, choices, help},
#include "core/config_table.h"
#undef X
};

void core_config_flag_name(enum core_config_key key, char out[static CORE_CONFIG_NAME])
{
    snprintf(out, CORE_CONFIG_NAME, "--%s", core_config_specs[key].key);
    for (char *c = out; *c; c++)
        if (*c == '.')
            *c = '-';
}

void core_config_env_name(enum core_config_key key, char out[static CORE_CONFIG_NAME])
{
    snprintf(out, CORE_CONFIG_NAME, "SKY_%s", core_config_specs[key].key);
    for (char *c = out; *c; c++) {
        if (*c == '.' || *c == '-')
            *c = '_';
        else if (*c >= 'a' && *c <= 'z')
            *c = (char)(*c - 'a' + 'A');
    }
}

void core_config_suggest(struct core_str written, struct core_buf *why,
                         void (*name)(enum core_config_key key, char out[static CORE_CONFIG_NAME]))
{
    char best[CORE_CONFIG_NAME] = "";
    size_t best_distance = 3; /* three wrong letters are another word */
    for (int key = 0; key < CORE_CONFIG_KEY_COUNT; key++) {
        char known[CORE_CONFIG_NAME];
        name((enum core_config_key)key, known);
        size_t distance = core_str_distance(written, core_str(known));
        if (distance < best_distance) {
            best_distance = distance;
            memcpy(best, known, sizeof best);
        }
    }
    if (best[0] != '\0')
        core_buf_addf(why, "; did you mean %s?", best);
}

/* --- Values --------------------------------------------------------------------------------- */

int core_config_addr(const char *value, char *ret_host, size_t host_cap, unsigned *ret_port)
{
    struct core_str s = core_str(value);
    struct core_str host;
    ssize_t colon;
    bool bracketed = s.len > 0 && s.ptr[0] == '[';
    if (bracketed) {
        ssize_t close = core_str_find(s, CORE_STR("]:"));
        if (close < 0)
            return CORE_EINVAL;
        host = core_strn(s.ptr + 1, (size_t)close - 1);
        colon = close + 1;
    } else {
        colon = core_str_find_byte(s, ':');
        if (colon < 0)
            return CORE_EINVAL;
        host = core_strn(s.ptr, (size_t)colon);
    }
    if (host.len == 0 || host.len >= host_cap)
        return CORE_EINVAL;
    for (size_t i = 0; i < host.len; i++) {
        char c = host.ptr[i];
        bool fine = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                    c == '.' || c == '-' || (bracketed && (c == ':' || c == '%'));
        if (!fine)
            return CORE_EINVAL;
    }
    int64_t port;
    size_t digits = s.len - (size_t)colon - 1;
    if (s.ptr[colon + 1] == '-' ||
        core_str_to_i64(core_strn(s.ptr + colon + 1, digits), 0, 65535, &port) != 0)
        return CORE_EINVAL;
    memcpy(ret_host, host.ptr, host.len);
    ret_host[host.len] = '\0';
    *ret_port = (unsigned)port;
    return 0;
}

static bool is_choice(struct core_str value, const char *choices)
{
    struct core_str left = core_str(choices);
    struct core_str choice;
    while (core_str_split(&left, '|', &choice))
        if (core_str_eq(choice, value))
            return true;
    return false;
}

static int to_bool(struct core_str value, int64_t *ret)
{
    static const char *const words[] = {"false", "no", "off", "0", "true", "yes", "on", "1"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (core_str_ieq(value, core_str(words[i]))) {
            *ret = i >= 4;
            return 0;
        }
    }
    return CORE_EINVAL;
}

static bool is_addr(struct core_str value)
{
    char host[256];
    unsigned port;
    if (core_str_eq_c(value, "off"))
        return true;
    char *text = core_strdup(value);
    int err = core_config_addr(text, host, sizeof host, &port);
    free(text);
    return err == 0;
}

static int check(const struct core_config_spec *spec, struct core_str value, int64_t *number)
{
    /* argv and the environment cannot hold one, the file reader refuses it; nothing else may. */
    if (core_str_find_byte(value, '\0') >= 0)
        return CORE_EINVAL;
    switch (spec->type) {
    case CORE_CONFIG_ADDR:
        return is_addr(value) ? 0 : CORE_EINVAL;
    case CORE_CONFIG_INT:
        return core_str_to_i64(value, spec->min, spec->max, number);
    case CORE_CONFIG_BOOL:
        return to_bool(value, number);
    case CORE_CONFIG_CHOICE:
        return is_choice(value, spec->choices) ? 0 : CORE_EINVAL;
    case CORE_CONFIG_STR:
    case CORE_CONFIG_PATH:
    case CORE_CONFIG_PATHS:
        break;
    }
    return 0;
}

/* "~/a" (and each part of "~/a:~/b") with the home folder in place of "~". */
static char *with_home(const struct core_config *config, enum core_config_type type,
                       struct core_str value)
{
    bool several = type == CORE_CONFIG_PATHS;
    if (!config->home || (type != CORE_CONFIG_PATH && !several))
        return core_strdup(value);
    struct core_buf b;
    core_buf_init(&b, (value.len + 1) * (strlen(config->home) + 1));
    for (size_t i = 0; i < value.len; i++) {
        bool start = i == 0 || (several && value.ptr[i - 1] == ':');
        char after = i + 1 < value.len ? value.ptr[i + 1] : '/';
        if (start && value.ptr[i] == '~' && (after == '/' || (several && after == ':')))
            core_buf_add_c(&b, config->home);
        else
            core_buf_add_byte(&b, value.ptr[i]);
    }
    return core_buf_take(&b, NULL);
}

void core_config_describe(enum core_config_key key, struct core_buf *out)
{
    const struct core_config_spec *spec = &core_config_specs[key];
    switch (spec->type) {
    case CORE_CONFIG_STR:
        core_buf_add_c(out, "a text");
        break;
    case CORE_CONFIG_PATH:
        core_buf_add_c(out, "a path");
        break;
    case CORE_CONFIG_PATHS:
        core_buf_add_c(out, "paths separated by ':'");
        break;
    case CORE_CONFIG_ADDR:
        core_buf_add_c(out, "host:port (such as 127.0.0.1:8080 or [::1]:8080) or off");
        break;
    case CORE_CONFIG_INT:
        core_buf_addf(out, "a number from %lld to %lld", (long long)spec->min,
                      (long long)spec->max);
        break;
    case CORE_CONFIG_BOOL:
        core_buf_add_c(out, "true or false");
        break;
    case CORE_CONFIG_CHOICE:
        core_buf_add_c(out, "one of ");
        for (const char *c = spec->choices; *c; c++)
            core_buf_add_c(out, *c == '|' ? ", " : (char[]){*c, '\0'});
        break;
    }
}

int core_config_set(struct core_config *config, enum core_config_key key,
                    enum core_config_source source, struct core_str value, struct core_buf *why)
{
    const struct core_config_spec *spec = &core_config_specs[key];
    int64_t number = 0;
    if (value.len > CORE_LIMIT_CONFIG_VALUE) {
        core_buf_addf(why, "the value is longer than %d bytes", CORE_LIMIT_CONFIG_VALUE);
        return CORE_EINVAL;
    }
    if (check(spec, value, &number) != 0) {
        size_t shown = core_utf8_cut(value, 60);
        core_buf_addf(why, "\"%.*s%s\" is not ", (int)shown, value.ptr,
                      shown < value.len ? "…" : "");
        core_config_describe(key, why);
        return CORE_EINVAL;
    }
    char *text = with_home(config, spec->type, value);
    free(config->text[key]);
    config->text[key] = text;
    config->number[key] = number;
    config->source[key] = source;
    return 0;
}
