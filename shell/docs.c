/*
 * docs.c: sky-docs DIR: writes the files of docs.h into DIR. And what they read out of the tables.
 */
#include "shell/docs.h"

#include "core/env.h"

#include <stdio.h>

enum { FILE_MAX = 1 << 20 };

static bool is_word(struct core_str token)
{
    return token.len && token.ptr[0] >= 'a' && token.ptr[0] <= 'z';
}

/* Adds the words of "list|add|remove" that are not there yet. */
static size_t words_add(struct core_str token, struct core_str *words, size_t count)
{
    struct core_str word;
    while (core_str_split(&token, '|', &word)) {
        bool known = !is_word(word) || count == DOCS_WORDS;
        for (size_t i = 0; i < count && !known; i++) {
            known = core_str_eq(words[i], word);
        }
        if (!known) {
            words[count++] = word;
        }
    }
    return count;
}

size_t docs_words(const struct shell_command *command, struct core_str under,
                  struct core_str ret[static DOCS_WORDS])
{
    struct core_str left = core_str(command->usage), first = CORE_STR(""), token;
    size_t count = 0;
    unsigned at = 0; /* of the token in its form; the command's name counts as 0 */
    while (core_str_split(&left, ' ', &token)) {
        if (core_str_eq_c(token, "|")) {
            at = 0;
            continue;
        }
        at += at == 0 && !core_str_eq_c(token, command->name); /* later forms may leave it out */
        first = at == 1 ? token : first;
        if (is_word(token) && (under.len ? at == 2 && core_str_eq(first, under) : at == 1)) {
            count = words_add(token, ret, count);
        }
        at++;
    }
    return count;
}

bool docs_wants(enum core_config_key key, struct core_buf *out)
{
    struct core_config_option option;
    core_config_option(key, &option);
    if (option.type != CORE_CONFIG_INT && option.type != CORE_CONFIG_CHOICE &&
        option.type != CORE_CONFIG_BOOL) {
        return false;
    }
    core_config_describe(key, out);
    return true;
}

bool docs_takes_files(const struct shell_command *command)
{
    return strstr(command->usage, "PATH") != NULL;
}

bool docs_takes_commands(const struct shell_command *command)
{
    return strstr(command->usage, "[COMMAND]") != NULL;
}

/* "model" of "model.path", "" of "http". */
static struct core_str section_of(enum core_config_key key)
{
    const char *name = core_config_name(key), *dot = strchr(name, '.');
    return core_strn(name, dot ? (size_t)(dot - name) : 0);
}

const char *docs_section(size_t i, char out[static CORE_CONFIG_NAME])
{
    size_t seen = 0;
    out[0] = '\0';
    for (int key = 0; key < CORE_CONFIG_KEY_COUNT && i; key++) {
        struct core_str section = section_of((enum core_config_key)key);
        bool first = section.len > 0;
        for (int before = 0; before < key && first; before++) {
            first = !core_str_eq(section_of((enum core_config_key)before), section);
        }
        if (first && ++seen == i) {
            snprintf(out, CORE_CONFIG_NAME, "%.*s", CORE_STR_ARG(section));
            return out;
        }
    }
    return i ? NULL : out;
}

const char *docs_section_key(enum core_config_key key, const char *section)
{
    struct core_str of = section_of(key);
    if (key == CORE_CONFIG_CONFIG || !core_str_eq_c(of, section)) {
        return NULL;
    }
    return core_config_name(key) + (of.len ? of.len + 1 : 0);
}

static int file_write(const char *folder, const char *name, void (*make)(struct core_buf *out))
{
    const struct core_env *env = core_env_real();
    struct core_buf text;
    char path[4096];
    core_buf_init(&text, FILE_MAX);
    make(&text);
    snprintf(path, sizeof path, "%s/%s", folder, name);
    int err = core_buf_error(&text);
    if (!err) {
        err = env->fs->write(env->ctx, path, core_buf_str(&text), 0644);
    }
    if (err) {
        fprintf(stderr, "sky-docs: %s: %s\n", path, core_err_text(err));
    }
    core_buf_done(&text);
    return err;
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*make)(struct core_buf *out);
    } files[] = {
        {"sky.1", docs_man_sky}, {"sky.conf.5", docs_man_conf},
        {"sky.conf", docs_conf}, {"sky", docs_bash},
        {"_sky", docs_zsh},      {"sky.fish", docs_fish},
    };
    if (argc != 2) {
        fputs("usage: sky-docs DIR\n", stderr);
        return SHELL_USAGE;
    }
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        if (file_write(argv[1], files[i].name, files[i].make)) {
            return SHELL_FAILED;
        }
    }
    return SHELL_OK;
}
