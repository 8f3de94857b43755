/*
 * config.h: every option of the program in one table. Flag > environment > file > default.
 *
 * The key `http` is the flag `--http`, the variable `SKY_HTTP` and the line `http = …` of the INI
 * file; `model.path` is `--model-path`, `SKY_MODEL_PATH`, and `path` in the section `[model]`.
 * Read-only after loading; the environment must outlive it. main passes values on to rooms, rooms
 * do not read the configuration.
 */
#ifndef CORE_CONFIG_H
#define CORE_CONFIG_H

#include "core/buf.h"

/* Types: STR (may be empty), PATH, PATHS (separated by ':'), ADDR
 * ("host:port", or "off"), INT (min, max), BOOL, CHOICE ("a|b|c"). A path that
 * begins with ~/ gets the home folder. The table is in config_table.h. */
enum core_config_type {
    CORE_CONFIG_STR,
    CORE_CONFIG_PATH,
    CORE_CONFIG_PATHS,
    CORE_CONFIG_ADDR,
    CORE_CONFIG_INT,
    CORE_CONFIG_BOOL,
    CORE_CONFIG_CHOICE
};
enum core_config_key {
#define X(id, key, type, fallback, min, max, choices, help) CORE_CONFIG_##id,
#include "core/config_table.h"
#undef X
    CORE_CONFIG_KEY_COUNT
};
enum core_config_source {
    CORE_CONFIG_DEFAULT,
    CORE_CONFIG_FILE,
    CORE_CONFIG_ENV,
    CORE_CONFIG_FLAG
};

struct core_config;

/* The configuration of a program that reads it again: as it was started, as it is written now, and
 * which keys wait for a restart: of those the first is in force, of others the second. */
struct core_config_live {
    const struct core_config *started, *current;
    bool waits[CORE_CONFIG_KEY_COUNT];
};

/* Takes options out of argv (argv[0] is skipped) in any of the forms `--key value`, `--key=value`,
 * `--bool`, `--no-bool`; what is no option (and everything after `--`, which goes) stays, in order,
 * in ret_rest (pointers into argv, a NULL at the end; free() the array). The last of several flags
 * counts. One letter behind one dash is refused. Reads environment variables (an empty one counts
 * as unset), then the file: `config` if given (missing = error), else
 * `$XDG_CONFIG_HOME/sky/sky.ini` if it exists. An empty `data` becomes `$XDG_DATA_HOME/sky`.
 * CORE_EINVAL (or the code of the file's error) with one line in `why`: what is wrong, where
 * (file:line, variable or flag), what is allowed, the nearest known key for a typo; control bytes
 * in it are replaced. */
int core_config_load(int argc, char **argv, char **envp, struct core_config **ret, char ***ret_rest,
                     size_t *ret_rest_count, char *why, size_t why_cap);
/* Reads the file again, as it is now; what a flag or a variable had set stays. `from` stays as it
 * is too. Errors as of core_config_load. */
int core_config_reload(const struct core_config *from, struct core_config **ret, char *why,
                       size_t why_cap);
void core_config_free(struct core_config *config);

/* Values as text; never NULL, live as long as the configuration. core_config_int and _bool assert
 * the key's type. */
const char *core_config_str(const struct core_config *config, enum core_config_key key);
int64_t core_config_int(const struct core_config *config, enum core_config_key key);
bool core_config_bool(const struct core_config *config, enum core_config_key key);
/* Its name in the file: "model.path". */
const char *core_config_name(enum core_config_key key);
enum core_config_source core_config_source(const struct core_config *config,
                                           enum core_config_key key);
/* Where that value came from, for people: "--http", "SKY_HTTP", "/home/a/sky.ini:12"; nothing for a
 * default. */
void core_config_origin(const struct core_config *config, enum core_config_key key,
                        struct core_buf *out);
/* The value as it may be shown: without the password of an address ("postgresql://user:…@host"). */
void core_config_show(const struct core_config *config, enum core_config_key key,
                      struct core_buf *out);
/* The file that it was read from, or would have been
 * were it there; "" when no folder for it is known. */
const char *core_config_file(const struct core_config *config);
const char *core_config_default(enum core_config_key key);
const char *core_config_about(enum core_config_key key); /* a line of help */
/* How an option is written: for help, manual pages and completions. */
#define CORE_CONFIG_NAME 64 /* longest flag, variable or key, with the NUL */
struct core_config_option {
    enum core_config_type type;
    const char *value;   /* what stands for it: "PATH"; "" for a BOOL */
    const char *choices; /* of a CHOICE: "a|b|c" */
    char flag[CORE_CONFIG_NAME], variable[CORE_CONFIG_NAME]; /* "--model-path", "SKY_MODEL_PATH" */
};
void core_config_option(enum core_config_key key, struct core_config_option *ret);
/* What a value must look like, for messages and help: "a number from 1 to 64". */
void core_config_describe(enum core_config_key key, struct core_buf *out);
/* The option list for --help (all keys with defaults, variables and file keys), for a terminal of
 * that many columns; 0 = 80. */
int core_config_help(struct core_buf *out, unsigned columns);
/* Splits "127.0.0.1:8080", "[::1]:8080", "localhost:80" (port 0 … 65535); the host comes without
 * brackets. CORE_EINVAL for anything else, and for "off". */
int core_config_addr(const char *value, char *ret_host, size_t host_cap, unsigned *ret_port);

#endif
