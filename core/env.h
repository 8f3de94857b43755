/*
 * env.h: everything from outside that a test must be able to replace: clock, randomness, files.
 * (The network is core/net.h, the database disk is the store's VFS.)
 *
 * The real environment is core_env_real(). A simulation fills the struct itself. Functions get
 * `env->ctx` first and may be called from any thread. Nothing outside core/env_real.c calls time(),
 * clock_gettime(), getrandom().
 */
#ifndef CORE_ENV_H
#define CORE_ENV_H

#include "core/buf.h"

struct core_env {
    void *ctx;
    /* Milliseconds since 1970-01-01 UTC. May jump. */
    int64_t (*wall_ms)(void *ctx);
    /* Nanoseconds that never go back, from an arbitrary start. */
    uint64_t (*mono_ns)(void *ctx);
    /* Fills with unpredictable bytes; aborts when the system has none. */
    void (*random)(void *ctx, void *out, size_t len);
    const struct core_fs *fs;
};

/* Files, whole: configuration, keys, run.json, documents. Paths are NUL-terminated. */
struct core_fs {
    /* Appends the file's bytes; CORE_ETOOBIG when it holds more than out->max. Refuses anything
     * that is not a regular file (CORE_EUNSUPPORTED), never blocks on a FIFO. */
    int (*read)(void *ctx, const char *path, struct core_buf *out);
    /* Atomic and durable: temporary sibling, fsync, rename, fsync of the folder. */
    int (*write)(void *ctx, const char *path, struct core_str bytes, unsigned mode);
    int (*remove)(void *ctx, const char *path);
    /* Creates parents too; existing is fine. */
    int (*mkdirs)(void *ctx, const char *path, unsigned mode);
};

const struct core_env *core_env_real(void);

static inline int64_t core_wall_ms(const struct core_env *env)
{
    return env->wall_ms(env->ctx);
}
static inline uint64_t core_mono_ns(const struct core_env *env)
{
    return env->mono_ns(env->ctx);
}
static inline uint64_t core_mono_ms(const struct core_env *env)
{
    return env->mono_ns(env->ctx) / 1000000;
}

/* A 128-bit identifier as 26 lower-case Crockford base32 characters and a NUL: 48 bits of
 * milliseconds, then random, so that ids sort by time of birth. */
#define CORE_ID_SIZE 27
void core_id_new(const struct core_env *env, char out[static CORE_ID_SIZE]);
bool core_id_valid(struct core_str id);
/* "2026-01-31T12:00:00.000Z" and a NUL. */
#define CORE_TIME_SIZE 25
void core_time_format(int64_t wall_ms, char out[static CORE_TIME_SIZE]);

#endif
