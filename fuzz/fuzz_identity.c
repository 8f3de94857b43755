/*
 * fuzz_identity.c: the files of DATA/keys and DATA/owner.token with arbitrary content. A file that
 * cannot be used is named in one line and never replaced; a key that is read is written and read
 * again as the same. The first byte says which file is the input; the others are good ones. If it
 * is 128 or more, the rest is written over the good file from the offset in two bytes on.
 */
#include "account/account.h"
#include "bus/cert.h"
#include "bus/identity.h"
#include "core/err.h"
#include "core/limits.h"

#include <assert.h>
#include <openssl/err.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { NODE_KEY, TLS_KEY, CERTIFICATE, TOKEN, FILES };
static struct file {
    const char *end;
    struct core_buf bytes;
    unsigned writes;
} files[FILES] = {{.end = "node.key"}, {.end = "tls.key"}, {.end = "tls.crt"}, {.end = ".token"}};

static struct file *file_of(const char *path)
{
    for (size_t i = 0; i < FILES; i++)
        if (core_str_ends(core_str(path), core_str(files[i].end)))
            return &files[i];
    abort();
}

static int fs_read(void *ctx, const char *path, struct core_buf *out)
{
    struct file *f = file_of(path);
    (void)ctx;
    if (f->bytes.len == 0)
        return CORE_ENOTFOUND;
    return f->bytes.len > out->max ? CORE_ETOOBIG : core_buf_add_str(out, core_buf_str(&f->bytes));
}

static int fs_write(void *ctx, const char *path, struct core_str bytes, unsigned mode)
{
    struct file *f = file_of(path);
    (void)ctx, (void)mode;
    f->writes++;
    core_buf_clear(&f->bytes);
    return core_buf_add_str(&f->bytes, bytes);
}

static int fs_mkdirs(void *ctx, const char *path, unsigned mode)
{
    (void)ctx, (void)path, (void)mode;
    return 0;
}

static const struct core_fs fs = {.read = fs_read, .write = fs_write, .mkdirs = fs_mkdirs};
static struct core_env env;

static void check_why(const char *why)
{
    assert(why[0] != '\0');
    for (; *why; why++)
        assert((unsigned char)*why >= ' ');
}

/* Once: files as they are made on a first start. */
static void make(void)
{
    struct bus_identity *id = NULL;
    char why[512] = "";
    env = *core_env_real();
    env.fs = &fs;
    for (size_t i = 0; i < FILES; i++)
        core_buf_init(&files[i].bytes, 1u << 20);
    assert(bus_identity_open(&env, "data", &id, why, sizeof why) == 0);
    bus_identity_free(id);
    core_buf_add_c(&files[TOKEN].bytes, "sky_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n");
}

static void open_with(struct file *f)
{
    struct bus_identity *id = NULL;
    char why[512] = "";
    unsigned char sum[32];
    f->writes = 0;
    int err = bus_identity_open(&env, "data", &id, why, sizeof why);
    assert((err == 0) == (id != NULL));
    if (err) {
        check_why(why);
        assert(f->writes == 0);
    } else {
        assert(bus_identity_public(id).len == 32);
        bus_identity_fingerprint(id, sum);
        bus_identity_days(id);
    }
    bus_identity_free(id);
}

static void round_trip(struct core_str pem)
{
    struct core_buf out;
    EVP_PKEY *key = bus__key_read(pem), *again = NULL;
    X509 *cert = bus__cert_read(pem);
    core_buf_init(&out, BUS_LIMIT_PEM);
    if (key && bus__key_write(key, &out) == 0) {
        again = bus__key_read(core_buf_str(&out));
        assert(again && EVP_PKEY_eq(key, again) == 1);
    }
    if (cert) {
        bus__cert_is_ours(cert);
        bus__cert_days(cert, 1700000000);
    }
    X509_free(cert);
    EVP_PKEY_free(key);
    EVP_PKEY_free(again);
    core_buf_wipe(&out);
    ERR_clear_error();
}

static void token(void)
{
    char out[ACCOUNT_TOKEN_SIZE], why[512] = "";
    int err = account_token_read(&env, "data", out, why, sizeof why);
    if (err)
        check_why(why);
    else
        assert(strlen(out) == ACCOUNT_TOKEN_SIZE - 1 &&
               core_str_eq(core_str(out), core_str_trim(core_buf_str(&files[TOKEN].bytes))));
    assert(files[TOKEN].writes == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static bool made;
    if (!made)
        make();
    made = true;
    if (size < 3)
        return 0;
    struct file *f = &files[data[0] % FILES];
    struct core_buf good = f->bytes;
    core_buf_init(&f->bytes, 1u << 20);
    if (data[0] < 128) {
        core_buf_add(&f->bytes, data + 1, size - 1);
    } else {
        core_buf_add_str(&f->bytes, core_buf_str(&good));
        for (size_t i = 3, at = data[1] + 256u * data[2]; i < size; i++, at++)
            if (at < f->bytes.len)
                f->bytes.ptr[at] = (char)data[i];
    }
    round_trip(core_buf_str(&f->bytes));
    if (f == &files[TOKEN])
        token();
    else
        open_with(f);
    core_buf_done(&f->bytes);
    f->bytes = good;
    return 0;
}
