/*
 * fuzz_config.c: arbitrary bytes as a configuration file, and its lines as arguments. A refusal
 * comes with one printable line; what is accepted can be asked for.
 */
#include "core/config.h"
#include "core/config_impl.h"
#include "core/limits.h"
#include "core/mem.h"

#include <assert.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void as_file(struct core_str text)
{
    struct core_config *config = core_alloc(sizeof *config);
    struct core_buf why;
    core_buf_init(&why, CORE_LIMIT_CONFIG_WHY);
    config->home = "/home/of/someone";
    int err = core_config_read_file(config, "sky.ini", text, &why);
    assert((err != 0) == (why.len > 0));
    core_buf_done(&why);
    core_config_free(config);
}

#define ARGUMENTS_MAX 64

static void as_arguments(struct core_str text)
{
    char *argv[ARGUMENTS_MAX + 2] = {"sky"};
    char *envp[] = {"HOME=/nonexistent", NULL};
    int argc = 1;
    struct core_str line;
    while (argc <= ARGUMENTS_MAX && core_str_split(&text, '\n', &line))
        argv[argc++] = core_strdup(line);

    struct core_config *config = NULL;
    char **rest = NULL;
    size_t rest_count = 0;
    char why[100] = "";
    if (core_config_load(argc, argv, envp, &config, &rest, &rest_count, why, sizeof why) == 0) {
        assert(rest_count < (size_t)argc && rest[rest_count] == NULL);
        assert(core_config_int(config, CORE_CONFIG_NOD) >= 1);
        char host[32];
        unsigned port = 0;
        const char *http = core_config_str(config, CORE_CONFIG_HTTP);
        if (core_config_addr(http, host, sizeof host, &port) == 0)
            assert(port <= 65535 && strlen(host) < sizeof host);
    } else {
        assert(why[0] != '\0' && !config && !rest);
        for (const char *c = why; *c; c++)
            assert((unsigned char)*c >= ' ' && *c != 0x7f);
    }
    core_config_free(config);
    free(rest);
    while (--argc > 0)
        free(argv[argc]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    as_file(core_strn(data, size));
    as_arguments(core_strn(data, size));
    return 0;
}
