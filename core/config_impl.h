/* config_impl.h: what the config_*.c files share. Not for others. */
#ifndef CORE_CONFIG_IMPL_H
#define CORE_CONFIG_IMPL_H

#include "core/config.h"

struct core_config_spec {
    const char *key;
    enum core_config_type type;
    const char *fallback;
    int64_t min, max;
    const char *choices;
    const char *help;
};
/* By enum core_config_key. */
extern const struct core_config_spec core_config_specs[CORE_CONFIG_KEY_COUNT];

struct core_config {
    char *text[CORE_CONFIG_KEY_COUNT];
    int64_t number[CORE_CONFIG_KEY_COUNT]; /* INT, and BOOL as 0 or 1 */
    enum core_config_source source[CORE_CONFIG_KEY_COUNT];
    unsigned line[CORE_CONFIG_KEY_COUNT]; /* where the file sets it, 0 if it does not */
    const char *home;                     /* for ~/, or NULL; the caller's memory */
    char *file; /* the one that was asked for or is looked for; NULL when neither */
    char *data; /* where data goes when nothing says so, or NULL */
};

/* "model.path" → "--model-path", "SKY_MODEL_PATH". */
void core_config_flag_name(enum core_config_key key, char out[static CORE_CONFIG_NAME]);
void core_config_env_name(enum core_config_key key, char out[static CORE_CONFIG_NAME]);

/* Checks and sets one value; on CORE_EINVAL the old one stays and what is wrong with the new one is
 * appended to `why`. */
int core_config_set(struct core_config *config, enum core_config_key key,
                    enum core_config_source source, struct core_str value, struct core_buf *why);

/* Reads the text of the file `name` into the configuration, in which nothing else is set yet. */
int core_config_read_file(struct core_config *config, const char *name, struct core_str text,
                          struct core_buf *why);

/* Appends "; did you mean …?" if one of the names is near to what was written. name(i) of count. */
void core_config_suggest(struct core_str written, struct core_buf *why,
                         void (*name)(enum core_config_key key, char out[static CORE_CONFIG_NAME]));

#endif
