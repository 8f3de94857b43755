/*
 * paths.c: where the data folder, the program and the models are.
 *
 * Models that were not configured are looked for where set-up puts them: beside the program in a
 * source tree (build/deps/models), else in share/sky/models of the prefix it is installed in.
 */
#include "core/mem.h"
#include "core/path.h"
#include "main/main.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static int path_put(char *out, size_t cap, const char *folder, const char *name)
{
    int n = snprintf(out, cap, "%s%s%s", folder, *name ? "/" : "", name);
    return n < 0 || (size_t)n >= cap ? CORE_ETOOBIG : 0;
}

int main_data_dir(const struct core_config *config, struct core_buf *ret_path)
{
    return core_path_absolute(core_config_str(config, CORE_CONFIG_DATA), ret_path);
}

static int data_find(const struct core_config *config, struct main_paths *p, char *why,
                     size_t why_cap)
{
    struct core_buf path;
    core_buf_init(&path, sizeof p->data - 1);
    int err = main_data_dir(config, &path);
    if (err) {
        snprintf(why, why_cap, "no data folder is known: set --data, XDG_DATA_HOME or HOME");
    } else {
        memcpy(p->data, path.ptr, path.len + 1);
    }
    core_buf_done(&path);
    return err;
}

static int program_find(struct main_paths *p)
{
    ssize_t n = readlink("/proc/self/exe", p->program, sizeof p->program - 1);
    if (n <= 0 || (size_t)n >= sizeof p->program - 1) {
        return CORE_ENOTFOUND;
    }
    p->program[n] = '\0';
    return 0;
}

/* "models/x.gguf" in deps of the program's folder, then in share/sky of the prefix above it. */
static int set_up_path(const struct main_paths *p, const char *name, char *out, size_t cap)
{
    char folder[4096];
    const char *slash = strrchr(p->program, '/');
    size_t len = slash ? (size_t)(slash - p->program) : 0;
    memcpy(folder, p->program, len);
    folder[len] = '\0';
    int n = snprintf(out, cap, "%s/deps/%s", folder, name);
    if (n > 0 && (size_t)n < cap && access(out, R_OK) == 0) {
        return 0;
    }
    n = snprintf(out, cap, "%s/../share/sky/%s", folder, name);
    return n < 0 || (size_t)n >= cap ? CORE_ETOOBIG : 0;
}

/* The first four bytes of every GGUF file. */
static int model_check(const char *path, const char *option, char *why, size_t why_cap)
{
    char magic[4] = {0};
    FILE *file = fopen(path, "rbe");
    if (!file) {
        snprintf(why, why_cap, "%s: no such model file: correct --%s or leave it out", path,
                 option);
        return CORE_ENOTFOUND;
    }
    size_t n = fread(magic, 1, sizeof magic, file);
    fclose(file);
    if (n != sizeof magic || memcmp(magic, "GGUF", sizeof magic) != 0) {
        snprintf(why, why_cap, "%s is not a GGUF model: give --%s another file", path, option);
        return CORE_ECORRUPT;
    }
    return 0;
}

static int model_find(const struct core_config *config, const struct main_paths *p,
                      enum core_config_key key, const char *option, const char *name, char *out,
                      size_t cap, char *why, size_t why_cap)
{
    const char *given = core_config_str(config, key);
    if (!*given) {
        return set_up_path(p, name, out, cap);
    }
    int err = path_put(out, cap, given, "");
    return err ? err : model_check(out, option, why, why_cap);
}

static int dict_find(const struct core_config *config, const struct main_paths *p, char *out,
                     size_t cap)
{
    const char *given = core_config_str(config, CORE_CONFIG_GENOM_PATH);
    return *given ? path_put(out, cap, given, "") : set_up_path(p, "genom/genom.dict", out, cap);
}

int main_genom_path(const struct core_config *config, char *out, size_t cap)
{
    struct main_paths *p = core_alloc(sizeof *p);
    int err = program_find(p);
    if (!err) {
        err = dict_find(config, p, out, cap);
    }
    free(p);
    return err;
}

int main_paths_find(const struct core_config *config, struct main_paths *ret, char *why,
                    size_t why_cap)
{
    int err = data_find(config, ret, why, why_cap);
    if (!err) {
        err = program_find(ret);
        if (err) {
            snprintf(why, why_cap, "/proc is not readable: it is needed to find the program");
        }
    }
    if (!err) {
        err = model_find(config, ret, CORE_CONFIG_MODEL_PATH, "model-path", "models/smollm2.gguf",
                         ret->model, sizeof ret->model, why, why_cap);
    }
    if (!err) {
        err = model_find(config, ret, CORE_CONFIG_EMBED_PATH, "embed-path", "models/minilm.gguf",
                         ret->embed, sizeof ret->embed, why, why_cap);
    }
    if (!err) {
        err = model_find(config, ret, CORE_CONFIG_EMBED_MULTI_PATH, "embed-multi-path",
                         "models/e5.gguf", ret->embed_multi, sizeof ret->embed_multi, why, why_cap);
    }
    if (!err) {
        err = dict_find(config, ret, ret->genom, sizeof ret->genom);
    }
    if (!err) {
        err = set_up_path(ret, "genom-pack/genom.pack.gz", ret->pack, sizeof ret->pack);
    }
    return err;
}
