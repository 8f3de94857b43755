/*
 * bench_handshake.c: microseconds of processor time for one key exchange, and for one handshake.
 *
 *     bench-handshake exchange ROUNDS DATA      X-Wing: a key pair, encapsulating, decapsulating
 *     bench-handshake handshake ROUNDS DATA     both sides of bus/handshake.h, the initiator anonymous
 */
#include "bus/handshake.h"
#include "bus/xwing.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double cpu_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static void exchange(const struct core_env *env, const struct bus_identity *self)
{
    unsigned char seed[BUS_XWING_SEED_SIZE], random[BUS_XWING_RANDOM_SIZE];
    unsigned char cipher[BUS_XWING_CIPHER_SIZE];
    unsigned char secret[BUS_XWING_SECRET_SIZE], same[BUS_XWING_SECRET_SIZE];
    (void)self;
    env->random(env->ctx, seed, sizeof seed);
    env->random(env->ctx, random, sizeof random);
    struct bus_xwing *key = bus_xwing_new(seed);
    const unsigned char *public = (const unsigned char *)bus_xwing_public(key).ptr;
    int err = bus_xwing_encapsulate(public, random, cipher, secret);
    if (!err)
        err = bus_xwing_decapsulate(key, cipher, same);
    assert(!err && memcmp(secret, same, sizeof secret) == 0);
    bus_xwing_free(key);
}

static void handshake(const struct core_env *env, const struct bus_identity *self)
{
    unsigned char reply[BUS_HANDSHAKE_REPLY_SIZE];
    struct bus_session *a = NULL, *b = NULL;
    struct bus_handshake *h = bus_handshake_new(
        env, NULL, (const unsigned char *)bus_identity_public(self).ptr);
    int err = bus_handshake_answer(env, self, bus_handshake_offer(h), reply, &b);
    if (!err)
        err = bus_handshake_finish(h, core_strn(reply, sizeof reply), &a);
    assert(!err);
    bus_session_free(a);
    bus_session_free(b);
    bus_handshake_free(h);
}

int main(int argc, char **argv)
{
    char why[512] = "usage: bench-handshake exchange|handshake ROUNDS DATA";
    const struct core_env *env = core_env_real();
    struct bus_identity *self = NULL;
    int64_t rounds = 0;
    if (argc != 4 || core_str_to_i64(core_str(argv[2]), 1, 1000000, &rounds) != 0 ||
        bus_identity_open(env, argv[3], &self, why, sizeof why) != 0) {
        fprintf(stderr, "%s\n", why);
        return 2;
    }
    void (*run)(const struct core_env *, const struct bus_identity *) =
        strcmp(argv[1], "exchange") == 0 ? exchange : handshake;
    run(env, self);
    double start = cpu_us();
    for (int64_t i = 0; i < rounds; i++)
        run(env, self);
    printf("%.3f\n", (cpu_us() - start) / (double)rounds);
    bus_identity_free(self);
    return 0;
}
