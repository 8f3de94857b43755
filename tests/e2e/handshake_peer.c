/*
 * handshake_peer.c: our side of a handshake for a test in another
 * language. Takes one command a line on stdin, answers with one line on
 * stdout: bytes in hex, "-" for none, or the name of an error.
 *
 *     handshake-peer DATA
 *     identity                         our Ed25519 key
 *     offer NAMED PEER                 NAMED is 00 or 01; PEER "-" for anybody
 *     finish REPLY                     whose session it is
 *     answer OFFER                     the reply, and whose session it is
 *     seal AAD TEXT, open AAD SEALED   in the session of the last finish or answer
 *     xwing-public SEED, xwing-encapsulate PUBLIC RANDOM, xwing-decapsulate SEED CIPHER
 */
#include "bus/handshake.h"
#include "bus/xwing.h"
#include "core/mem.h"

#include <stdio.h>
#include <stdlib.h>

#define WORDS_MAX 3
#define BYTES_MAX (1u << 20)

static struct bus_identity *self;
static struct bus_handshake *handshake;
static struct bus_session *session;
static struct core_buf out;

/* The arguments of a command, decoded. */
struct args {
    size_t count;
    struct core_str bytes[WORDS_MAX];
};

static const unsigned char *raw(struct core_str s)
{
    return (const unsigned char *)s.ptr;
}

static void say(const void *bytes, size_t len)
{
    char *hex = core_alloc(2 * len + 1);
    core_hex_encode(bytes, len, hex);
    if (out.len > 0)
        core_buf_add_c(&out, " ");
    core_buf_add_c(&out, len ? hex : "-");
    free(hex);
}

static int do_identity(const struct args *a)
{
    (void)a;
    say(bus_identity_public(self).ptr, 32);
    return 0;
}

static int do_offer(const struct args *a)
{
    bus_handshake_free(handshake);
    handshake = bus_handshake_new(core_env_real(), a->bytes[0].ptr[0] ? self : NULL,
                                  a->bytes[1].len == 32 ? raw(a->bytes[1]) : NULL);
    say(bus_handshake_offer(handshake).ptr, bus_handshake_offer(handshake).len);
    return 0;
}

static void say_peer(struct bus_session *with)
{
    bus_session_free(session);
    session = with;
    say(bus_session_peer(session).ptr, bus_session_peer(session).len);
}

static int do_finish(const struct args *a)
{
    struct bus_session *with = NULL;
    int err = bus_handshake_finish(handshake, a->bytes[0], &with);
    if (!err)
        say_peer(with);
    return err;
}

static int do_answer(const struct args *a)
{
    unsigned char reply[BUS_HANDSHAKE_REPLY_SIZE];
    struct bus_session *with = NULL;
    int err = bus_handshake_answer(core_env_real(), self, a->bytes[0], reply, &with);
    if (!err) {
        say(reply, sizeof reply);
        say_peer(with);
    }
    return err;
}

static int session_does(const struct args *a, bool seal)
{
    struct core_buf bytes;
    core_buf_init(&bytes, BYTES_MAX);
    int err = seal ? bus_session_seal(session, a->bytes[0], a->bytes[1], &bytes, NULL)
                   : bus_session_open(session, a->bytes[0], a->bytes[1], &bytes);
    if (!err)
        say(bytes.ptr, bytes.len);
    core_buf_done(&bytes);
    return err;
}

static int do_seal(const struct args *a)
{
    return session_does(a, true);
}

static int do_open(const struct args *a)
{
    return session_does(a, false);
}

static int do_public(const struct args *a)
{
    struct bus_xwing *key = bus_xwing_new(raw(a->bytes[0]));
    say(bus_xwing_public(key).ptr, bus_xwing_public(key).len);
    bus_xwing_free(key);
    return 0;
}

static int do_encapsulate(const struct args *a)
{
    unsigned char cipher[BUS_XWING_CIPHER_SIZE], secret[BUS_XWING_SECRET_SIZE];
    int err = bus_xwing_encapsulate(raw(a->bytes[0]), raw(a->bytes[1]), cipher, secret);
    if (!err) {
        say(cipher, sizeof cipher);
        say(secret, sizeof secret);
    }
    return err;
}

static int do_decapsulate(const struct args *a)
{
    unsigned char secret[BUS_XWING_SECRET_SIZE];
    struct bus_xwing *key = bus_xwing_new(raw(a->bytes[0]));
    int err = bus_xwing_decapsulate(key, raw(a->bytes[1]), secret);
    if (!err)
        say(secret, sizeof secret);
    bus_xwing_free(key);
    return err;
}

static const struct command {
    const char *name;
    size_t args;
    int (*run)(const struct args *a);
} commands[] = {
    {"identity", 0, do_identity},
    {"offer", 2, do_offer},
    {"finish", 1, do_finish},
    {"answer", 1, do_answer},
    {"seal", 2, do_seal},
    {"open", 2, do_open},
    {"xwing-public", 1, do_public},
    {"xwing-encapsulate", 2, do_encapsulate},
    {"xwing-decapsulate", 2, do_decapsulate},
};

/* The test is trusted to keep to the sizes; what is no command at all is CORE_EUNSUPPORTED. */
static int run(struct core_str line)
{
    static char space[WORDS_MAX][BYTES_MAX];
    struct args a = {0};
    struct core_str name, word;
    core_str_split(&line, ' ', &name);
    for (; a.count < WORDS_MAX && core_str_split(&line, ' ', &word); a.count++) {
        ssize_t len = core_str_eq_c(word, "-") ? 0
                                               : core_hex_decode(word, space[a.count], BYTES_MAX);
        if (len < 0)
            return (int)len;
        a.bytes[a.count] = core_strn(space[a.count], (size_t)len);
    }
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        if (core_str_eq_c(name, commands[i].name) && a.count == commands[i].args)
            return commands[i].run(&a);
    return CORE_EUNSUPPORTED;
}

int main(int argc, char **argv)
{
    char why[512] = "say where to keep the identity", *line = NULL;
    size_t cap = 0;
    ssize_t len;
    if (argc != 2 || bus_identity_open(core_env_real(), argv[1], &self, why, sizeof why) != 0) {
        fprintf(stderr, "handshake-peer: %s\n", why);
        return 1;
    }
    core_buf_init(&out, 4 * BYTES_MAX);
    while ((len = getline(&line, &cap, stdin)) > 0) {
        core_buf_clear(&out);
        int err = run(core_str_trim(core_strn(line, (size_t)len)));
        puts(err ? core_err_name(err) : out.ptr);
        fflush(stdout);
    }
    free(line);
    core_buf_done(&out);
    bus_handshake_free(handshake);
    bus_session_free(session);
    bus_identity_free(self);
    return 0;
}
