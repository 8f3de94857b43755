/*
 * test_identity.c: keys and certificate are made once, kept, renewed in time, and never overwritten
 * when they cannot be read.
 */
#include "bus/identity.h"

#include "core/err.h"
#include "core/limits.h"
#include "tests/unit/bus/folder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <openssl/evp.h>

static struct core_env env;
static int64_t shift_ms;
static char dir[FOLDER_SIZE];

static int64_t moved_wall(void *ctx)
{
    return core_env_real()->wall_ms(ctx) + shift_ms;
}

static int setup(void **state)
{
    (void)state;
    env = *core_env_real();
    env.wall_ms = moved_wall;
    shift_ms = 0;
    return folder_make(dir);
}

static int teardown(void **state)
{
    (void)state;
    return folder_remove(dir);
}

static const char *path(const char *name)
{
    static char text[128];
    snprintf(text, sizeof text, "%s/keys/%s", dir, name);
    return text;
}

static char *content(const char *name)
{
    struct core_buf b;
    core_buf_init(&b, 1u << 20);
    assert_int_equal(env.fs->read(env.ctx, path(name), &b), 0);
    return core_buf_take(&b, NULL);
}

static void put(const char *name, const char *text)
{
    assert_int_equal(env.fs->write(env.ctx, path(name), core_str(text), 0600), 0);
}

static struct bus_identity *open_it(void)
{
    struct bus_identity *id = NULL;
    char why[256] = "";
    int err = bus_identity_open(&env, dir, &id, why, sizeof why);
    if (err)
        print_error("%s\n", why);
    assert_int_equal(err, 0);
    return id;
}

static void test_made_once(void **state)
{
    (void)state;
    struct stat st;
    unsigned char print[2][32];
    struct bus_identity *id = open_it();
    char *files[] = {content("node.key"), content("tls.key"), content("tls.crt")};
    static const char *const names[] = {"node.key", "tls.key", "tls.crt"};
    char public[32];
    memcpy(public, bus_identity_public(id).ptr, 32);
    bus_identity_fingerprint(id, print[0]);
    assert_in_range(bus_identity_days(id), BUS_LIMIT_CERT_DAYS - 1, BUS_LIMIT_CERT_DAYS);
    bus_identity_free(id);
    assert_int_equal(stat(path("node.key"), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(stat(path("tls.key"), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(stat(path(""), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0700);
    id = open_it();
    assert_memory_equal(bus_identity_public(id).ptr, public, 32);
    bus_identity_fingerprint(id, print[1]);
    assert_memory_equal(print[0], print[1], 32);
    bus_identity_free(id);
    for (int i = 0; i < 3; i++) {
        char *again = content(names[i]);
        assert_string_equal(files[i], again);
        free(again);
        free(files[i]);
    }
}

static void test_signature(void **state)
{
    (void)state;
    struct bus_identity *id = open_it();
    unsigned char signature[64];
    struct core_str public = bus_identity_public(id);
    bus_identity_sign(id, CORE_STR("message"), signature);
    EVP_PKEY *key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL,
                                                (const unsigned char *)public.ptr, public.len);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    assert_int_equal(EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, key), 1);
    assert_int_equal(EVP_DigestVerify(ctx, signature, 64, (const unsigned char *)"message", 7), 1);
    EVP_MD_CTX_free(ctx);
    EVP_PKEY_free(key);
    bus_identity_free(id);
}

static void test_renewed(void **state)
{
    (void)state;
    char why[256];
    unsigned char print[3][32];
    struct bus_identity *id = open_it();
    char *key = content("tls.key");
    bus_identity_fingerprint(id, print[0]);
    shift_ms = (int64_t)(BUS_LIMIT_CERT_DAYS - BUS_LIMIT_CERT_RENEW_DAYS - 2) * 86400000;
    assert_int_equal(bus_identity_renew(id, why, sizeof why), 0);
    bus_identity_fingerprint(id, print[1]);
    assert_memory_equal(print[0], print[1], 32);
    shift_ms += 3 * (int64_t)86400000;
    assert_int_equal(bus_identity_renew(id, why, sizeof why), 0);
    bus_identity_fingerprint(id, print[1]);
    assert_memory_not_equal(print[0], print[1], 32);
    bus_identity_free(id);
    /* Also at start, when it ran out while the machine was off. */
    shift_ms += 500 * (int64_t)86400000;
    id = open_it();
    bus_identity_fingerprint(id, print[2]);
    assert_memory_not_equal(print[1], print[2], 32);
    assert_in_range(bus_identity_days(id), BUS_LIMIT_CERT_DAYS - 1, BUS_LIMIT_CERT_DAYS);
    char *same = content("tls.key");
    assert_string_equal(key, same);
    free(key);
    free(same);
    bus_identity_free(id);
}

/* Each file broken in turn: refused by name, and left as it is. */
static void test_broken(void **state)
{
    (void)state;
    static const char *const names[] = {"node.key", "tls.key", "tls.crt"};
    bus_identity_free(open_it());
    for (int i = 0; i < 3; i++) {
        struct bus_identity *id = NULL;
        char why[256] = "";
        char *good = content(names[i]);
        put(names[i], "not a key");
        assert_int_not_equal(bus_identity_open(&env, dir, &id, why, sizeof why), 0);
        assert_null(id);
        assert_non_null(strstr(why, names[i]));
        assert_null(strchr(why, '\n'));
        char *still = content(names[i]);
        assert_string_equal(still, "not a key");
        free(still);
        put(names[i], good);
        free(good);
    }
    bus_identity_free(open_it());
}

static void test_wrong_kind(void **state)
{
    (void)state;
    struct bus_identity *id = NULL;
    char why[256] = "";
    bus_identity_free(open_it());
    char *tls = content("tls.key"), *node = content("node.key");
    put("node.key", tls);
    assert_int_equal(bus_identity_open(&env, dir, &id, why, sizeof why), CORE_ECORRUPT);
    put("node.key", node);
    put("tls.key", node);
    assert_int_equal(bus_identity_open(&env, dir, &id, why, sizeof why), CORE_EMISMATCH);
    put("tls.key", tls);
    assert_int_equal(unlink(path("tls.key")), 0);
    assert_int_equal(bus_identity_open(&env, dir, &id, why, sizeof why), CORE_ENOTFOUND);
    assert_non_null(strstr(why, "tls.key"));
    assert_null(id);
    free(tls);
    free(node);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {TEST(test_made_once), TEST(test_signature),
                                       TEST(test_renewed), TEST(test_broken),
                                       TEST(test_wrong_kind)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
