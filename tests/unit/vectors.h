/* vectors.h: reads the files of tests/vectors, JSON with bytes in hex. */
#ifndef TESTS_UNIT_VECTORS_H
#define TESTS_UNIT_VECTORS_H

#include "core/env.h"
#include "core/json.h"

#include <stdio.h>
#include <stdlib.h>

/* Never NULL: a test without its vectors has failed. The caller frees. */
static inline struct core_json_doc *vectors_open(const char *name)
{
    const struct core_env *env = core_env_real();
    struct core_json_doc *doc = NULL;
    struct core_buf text;
    char path[4096], why[256] = "it cannot be read";
    snprintf(path, sizeof path, "%s/tests/vectors/%s", getenv("SKY_SOURCE"), name);
    core_buf_init(&text, 1u << 20);
    if (env->fs->read(env->ctx, path, &text) != 0 ||
        core_json_parse(core_buf_str(&text), &doc, why, sizeof why) != 0) {
        fprintf(stderr, "%s: %s\n", path, why);
        abort();
    }
    core_buf_done(&text);
    return doc;
}

/* A member of exactly `size` bytes. */
static inline void vectors_bytes(core_json object, const char *key, unsigned char *out, size_t size)
{
    struct core_str hex;
    if (core_json_str(core_json_get(object, key), &hex) != 0 ||
        core_hex_decode(hex, out, size) != (ssize_t)size) {
        fprintf(stderr, "vectors: %s is not %zu bytes\n", key, size);
        abort();
    }
}

#endif
