/* fuzz_run.c: any text as run.json gives an address that can be handed to a C library, or none; an
 * address that is written as the server does is read back. */
#include "core/err.h"
#include "core/json.h"
#include "shell/server.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int read_url(struct core_str text, char url[static 64])
{
    memset(url, 'x', 64);
    pid_t pid = -1;
    int err = shell_server_url(text, url, 64, &pid);
    assert(err == 0 || err == CORE_ENOTFOUND);
    assert(err == 0 ? memchr(url, 0, 64) != NULL && pid >= 0 : url[0] == 'x' && pid == -1);
    return err;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char url[64], again[64];
    struct core_json_out o;
    struct core_buf text;
    if (read_url(core_strn(data, size), url))
        return 0;
    assert(!strncmp(url, "http://", 7) || !strncmp(url, "https://", 8));
    core_buf_init(&text, 1024);
    core_json_out_init(&o, &text);
    core_json_out_object(&o, NULL);
    core_json_out_c(&o, "https", url);
    core_json_out_end(&o);
    assert(read_url(core_buf_str(&text), again) == 0 && !strcmp(url, again));
    core_buf_done(&text);
    return 0;
}
