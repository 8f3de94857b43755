/*
 * config_file.c: the pairs of an INI file become values. `model.path` may stand as `path` in the
 * section [model] or as `model.path` before the first section.
 */
#include "core/config_impl.h"
#include "core/config_ini.h"
#include "core/err.h"

#include <stdio.h>

struct reading {
    struct core_config *config;
    const char *name;
    struct core_buf *why;
};

static void file_name(enum core_config_key key, char out[static CORE_CONFIG_NAME])
{
    snprintf(out, CORE_CONFIG_NAME, "%s", core_config_specs[key].key);
}

/* The whole key, "section.key"; CORE_ETOOBIG when it cannot be any. */
static int full_key(const struct core_ini_pair *pair, char out[static CORE_CONFIG_NAME])
{
    size_t dot = pair->section.len > 0;
    size_t len = pair->section.len + dot + pair->key.len;
    if (pair->section.len >= CORE_CONFIG_NAME || pair->key.len >= CORE_CONFIG_NAME ||
        len >= CORE_CONFIG_NAME)
        return CORE_ETOOBIG;
    snprintf(out, CORE_CONFIG_NAME, "%.*s%s%.*s", CORE_STR_ARG(pair->section), dot ? "." : "",
             CORE_STR_ARG(pair->key));
    return 0;
}

static int key_of(struct core_str name)
{
    int key = 0;
    while (key < CORE_CONFIG_KEY_COUNT && !core_str_eq_c(name, core_config_specs[key].key))
        key++;
    return key;
}

static int on_pair(void *arg, const struct core_ini_pair *pair)
{
    struct reading *r = arg;
    char full[CORE_CONFIG_NAME];
    int key = CORE_CONFIG_KEY_COUNT;
    if (full_key(pair, full) == 0) {
        key = key_of(core_str(full));
    } else {
        snprintf(full, sizeof full, "%.*s…", (int)core_utf8_cut(pair->key, 40), pair->key.ptr);
    }
    core_buf_addf(r->why, "%s:%u: ", r->name, pair->line);
    if (key == CORE_CONFIG_KEY_COUNT) {
        core_buf_addf(r->why, "there is no key %s", full);
        if (pair->section.len > 0 && key_of(pair->key) < CORE_CONFIG_KEY_COUNT)
            core_buf_addf(r->why, ": %.*s belongs above the first [section]",
                          CORE_STR_ARG(pair->key));
        else
            core_config_suggest(core_str(full), r->why, file_name);
        return CORE_EINVAL;
    }
    if (key == CORE_CONFIG_CONFIG) {
        core_buf_addf(r->why, "%s cannot be set in the file itself", full);
        return CORE_EINVAL;
    }
    if (r->config->line[key] > 0) {
        core_buf_addf(r->why, "%s is set already on line %u", full, r->config->line[key]);
        return CORE_EINVAL;
    }
    core_buf_addf(r->why, "%s: ", full);
    int err = core_config_set(r->config, (enum core_config_key)key, CORE_CONFIG_FILE, pair->value,
                              r->why);
    if (err)
        return err;
    r->config->line[key] = pair->line;
    core_buf_clear(r->why);
    return 0;
}

int core_config_read_file(struct core_config *config, const char *name, struct core_str text,
                          struct core_buf *why)
{
    struct reading r = {config, name, why};
    unsigned line = 0;
    const char *sentence = NULL;
    int err = core_ini_read(text, on_pair, &r, &line, &sentence);
    if (sentence)
        core_buf_addf(why, "%s:%u: %s", name, line, sentence);
    return err;
}
