/*
 * identity.c: the three files under DATA/keys.
 *
 *     node.key   made once; the node is this key
 *     tls.key    made once; stays when the certificate is renewed, so that no moment exists in which
 *     tls.crt    the two files on disk do not belong together
 *
 * A file that exists and cannot be read or understood is the owner's to mend: it is never replaced.
 */
#include "bus/identity.h"

#include "bus/cert.h"
#include "core/crypto.h"
#include "core/err.h"
#include "core/limits.h"
#include "core/mem.h"

#include <assert.h>
#include <limits.h>
#include <openssl/err.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct bus_identity {
    const struct core_env *env;
    struct core_key *node;
    EVP_PKEY *tls;
    X509 *cert;
    unsigned char public[CORE_ED25519_PUBLIC_SIZE];
    char *node_file, *key_file, *cert_file;
};

/* --- Files ---------------------------------------------------------------------------------- */

static char *path_of(const char *data_dir, const char *name)
{
    size_t len = strlen(data_dir) + strlen(name) + 2;
    char *path = core_alloc(len);
    snprintf(path, len, "%s/%s", data_dir, name);
    return path;
}

static int say(char *why, size_t why_cap, const char *path, const char *what, int err)
{
    snprintf(why, why_cap, "%s %s", path, what);
    return err;
}

/* CORE_ENOTFOUND passes without a word: then the file is to be made. */
static int read_file(const struct core_env *env, const char *path, struct core_buf *buf, char *why,
                     size_t why_cap)
{
    core_buf_wipe(buf);
    int err = env->fs->read(env->ctx, path, buf);
    if (err && err != CORE_ENOTFOUND)
        snprintf(why, why_cap, "%s cannot be read (%s): check its owner and mode", path,
                 core_err_text(err));
    return err;
}

static int write_file(const struct core_env *env, const char *path, const struct core_buf *buf,
                      unsigned mode, char *why, size_t why_cap)
{
    int err = env->fs->write(env->ctx, path, core_buf_str(buf), mode);
    if (err)
        snprintf(why, why_cap, "%s cannot be written (%s): check the folder and the disk", path,
                 core_err_text(err));
    return err;
}

/* Reads the key at path, or makes one. `type` as EVP_PKEY_is_a() knows it. */
static int key_open(const struct core_env *env, const char *path, const char *type, bool may_make,
                    EVP_PKEY **ret, char *why, size_t why_cap)
{
    struct core_buf pem;
    EVP_PKEY *key = NULL;
    core_buf_init(&pem, BUS_LIMIT_PEM);
    int err = read_file(env, path, &pem, why, why_cap);
    if (!err) {
        key = bus__key_read(core_buf_str(&pem));
        if (!key || (type && !EVP_PKEY_is_a(key, type)))
            err = say(why, why_cap, path,
                      "holds no usable private key: restore it, or move it away to have a new one "
                      "made",
                      CORE_ECORRUPT);
    } else if (err == CORE_ENOTFOUND && !may_make) {
        err = say(why, why_cap, path,
                  "is missing beside its certificate: restore it, or move the certificate away to "
                  "have a new pair made",
                  CORE_ENOTFOUND);
    } else if (err == CORE_ENOTFOUND) {
        key = type ? EVP_PKEY_Q_keygen(NULL, NULL, type)
                   : EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
        err = key ? bus__key_write(key, &pem) : CORE_EINTERNAL;
        if (err)
            say(why, why_cap, path, "could not be made", err);
        else
            err = write_file(env, path, &pem, 0600, why, why_cap);
    }
    core_buf_wipe(&pem);
    ERR_clear_error();
    if (err)
        EVP_PKEY_free(key);
    else
        *ret = key;
    return err;
}

/* --- Certificate ---------------------------------------------------------------------------- */

static int cert_make(struct bus_identity *id, char *why, size_t why_cap)
{
    struct core_buf pem;
    char host[256] = "";
    unsigned char serial[16];
    X509 *cert = NULL;
    core_buf_init(&pem, BUS_LIMIT_PEM);
    if (gethostname(host, sizeof host - 1) != 0)
        host[0] = '\0';
    id->env->random(id->env->ctx, serial, sizeof serial);
    int err = bus__cert_make(id->tls, host, core_wall_ms(id->env) / 1000, serial, &pem);
    if (!err && !(cert = bus__cert_read(core_buf_str(&pem))))
        err = CORE_EINTERNAL;
    if (err)
        say(why, why_cap, id->cert_file, "could not be made", err);
    else
        err = write_file(id->env, id->cert_file, &pem, 0644, why, why_cap);
    if (!err) {
        X509_free(id->cert);
        id->cert = cert;
        cert = NULL;
    }
    X509_free(cert);
    core_buf_done(&pem);
    return err;
}

static bool cert_is_old(const struct bus_identity *id, const X509 *cert)
{
    return bus__cert_is_ours(cert) &&
           bus__cert_days(cert, core_wall_ms(id->env) / 1000) < BUS_LIMIT_CERT_RENEW_DAYS;
}

/* Reads the certificate and compares it with the key. CORE_ENOTFOUND: there is none. */
static int cert_read(struct bus_identity *id, X509 **ret, char *why, size_t why_cap)
{
    struct core_buf pem;
    core_buf_init(&pem, BUS_LIMIT_PEM);
    int err = read_file(id->env, id->cert_file, &pem, why, why_cap);
    if (err)
        goto out;
    X509 *cert = bus__cert_read(core_buf_str(&pem));
    if (!cert) {
        err = say(why, why_cap, id->cert_file,
                  "holds no certificate: restore it, or move it away to have a new one made",
                  CORE_ECORRUPT);
        goto out;
    }
    *ret = cert;

out:
    core_buf_done(&pem);
    return err;
}

static int tls_open(struct bus_identity *id, char *why, size_t why_cap)
{
    X509 *cert = NULL;
    int err = cert_read(id, &cert, why, why_cap);
    if (err && err != CORE_ENOTFOUND)
        return err;
    bool make = err == CORE_ENOTFOUND;
    err = key_open(id->env, id->key_file, NULL, make, &id->tls, why, why_cap);
    if (!err && cert && X509_check_private_key(cert, id->tls) != 1) {
        ERR_clear_error();
        err = say(why, why_cap, id->cert_file,
                  "does not belong to tls.key beside it: restore the pair, or move both away to "
                  "have a new one made",
                  CORE_EMISMATCH);
    }
    if (!err) {
        id->cert = cert;
        cert = NULL;
        if (make || cert_is_old(id, id->cert))
            err = cert_make(id, why, why_cap);
    }
    X509_free(cert);
    return err;
}

static int node_open(struct bus_identity *id, char *why, size_t why_cap)
{
    unsigned char seed[CORE_ED25519_SEED_SIZE];
    size_t len = sizeof seed;
    EVP_PKEY *key = NULL;
    int err = key_open(id->env, id->node_file, "ED25519", true, &key, why, why_cap);
    if (!err && (EVP_PKEY_get_raw_private_key(key, seed, &len) != 1 || len != sizeof seed))
        err = say(why, why_cap, id->node_file, "has no private half", CORE_ECORRUPT);
    if (!err)
        id->node = core_ed25519_new(seed, id->public);
    core_wipe(seed, sizeof seed);
    EVP_PKEY_free(key);
    return err;
}

/* --- Face ----------------------------------------------------------------------------------- */

int bus_identity_open(const struct core_env *env, const char *data_dir, struct bus_identity **ret,
                      char *why, size_t why_cap)
{
    struct bus_identity *id = core_alloc(sizeof *id);
    char *folder = path_of(data_dir, "keys");
    id->env = env;
    id->node_file = path_of(folder, "node.key");
    id->key_file = path_of(folder, "tls.key");
    id->cert_file = path_of(folder, "tls.crt");
    int err = env->fs->mkdirs(env->ctx, folder, 0700);
    if (err) {
        snprintf(why, why_cap, "%s cannot be made (%s): check the data folder's owner and mode",
                 folder, core_err_text(err));
        goto out;
    }
    err = node_open(id, why, why_cap);
    if (!err)
        err = tls_open(id, why, why_cap);
    if (err)
        goto out;
    *ret = id;
    id = NULL;

out:
    bus_identity_free(id);
    free(folder);
    return err;
}

void bus_identity_free(struct bus_identity *id)
{
    if (!id)
        return;
    core_key_free(id->node);
    EVP_PKEY_free(id->tls);
    X509_free(id->cert);
    free(id->node_file);
    free(id->key_file);
    free(id->cert_file);
    free(id);
}

int bus_identity_renew(struct bus_identity *id, char *why, size_t why_cap)
{
    X509 *cert = NULL;
    int err = cert_read(id, &cert, why, why_cap);
    if (err == CORE_ENOTFOUND)
        return say(why, why_cap, id->cert_file, "is gone: restore it", err);
    if (err)
        return err;
    if (cert_is_old(id, cert) && X509_check_private_key(cert, id->tls) == 1) {
        X509_free(cert);
        return cert_make(id, why, why_cap);
    }
    ERR_clear_error();
    X509_free(id->cert);
    id->cert = cert;
    return 0;
}

struct core_str bus_identity_public(const struct bus_identity *id)
{
    return core_strn(id->public, sizeof id->public);
}

void bus_identity_sign(const struct bus_identity *id, struct core_str message,
                       unsigned char out[static 64])
{
    core_ed25519_sign(id->node, message, out);
}

const char *bus_identity_cert_file(const struct bus_identity *id)
{
    return id->cert_file;
}

const char *bus_identity_key_file(const struct bus_identity *id)
{
    return id->key_file;
}

void bus_identity_fingerprint(const struct bus_identity *id, unsigned char out[static 32])
{
    unsigned len = 0;
    int ok = X509_digest(id->cert, EVP_sha256(), out, &len);
    assert(ok == 1 && len == 32);
    (void)ok;
}

int bus_identity_days(const struct bus_identity *id)
{
    return bus__cert_days(id->cert, core_wall_ms(id->env) / 1000);
}
