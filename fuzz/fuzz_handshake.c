/*
 * fuzz_handshake.c: any bytes as an offer, a reply or a sealed message. Only what the other side
 * really sent leads anywhere, and what is refused leaves no trace.
 *
 * The first byte says what the input is meant for. From 128 on the rest is written over a good
 * message from the offset in two bytes on, so that the input differs from it where it chooses to.
 */
#include "bus/handshake.h"
#include "core/err.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { OFFER, NAMED_OFFER, REPLY, SEALED, KINDS };
#define INPUT_MAX 2048

/* The files of the two nodes, never written to a disk. */
static int fs_read(void *ctx, const char *path, struct core_buf *out)
{
    (void)ctx, (void)path, (void)out;
    return CORE_ENOTFOUND;
}

static int fs_write(void *ctx, const char *path, struct core_str bytes, unsigned mode)
{
    (void)ctx, (void)path, (void)bytes, (void)mode;
    return 0;
}

static int fs_mkdirs(void *ctx, const char *path, unsigned mode)
{
    (void)ctx, (void)path, (void)mode;
    return 0;
}

static const struct core_fs fs = {.read = fs_read, .write = fs_write, .mkdirs = fs_mkdirs};
static struct core_env env;
static struct bus_identity *alice, *bob;

static void make(void)
{
    char why[512];
    env = *core_env_real();
    env.fs = &fs;
    assert(bus_identity_open(&env, "alice", &alice, why, sizeof why) == 0);
    assert(bus_identity_open(&env, "bob", &bob, why, sizeof why) == 0);
}

/* What is read instead of `good`; `bytes` has room for INPUT_MAX. */
static struct core_str input(const uint8_t *data, size_t size, struct core_str good, char *bytes)
{
    if (data[0] < 128) {
        memcpy(bytes, data + 3, size - 3);
        return core_strn(bytes, size - 3);
    }
    memcpy(bytes, good.ptr, good.len);
    for (size_t i = 3, at = data[1] + 256u * data[2]; i < size && at < good.len; i++, at++)
        bytes[at] = (char)data[i];
    return core_strn(bytes, good.len);
}

static void talk(struct bus_session *from, struct bus_session *to)
{
    struct core_buf sealed, text;
    core_buf_init(&sealed, 256);
    core_buf_init(&text, 256);
    assert(bus_session_seal(from, CORE_STR("aad"), CORE_STR("text"), &sealed, NULL) == 0);
    int err = bus_session_open(to, CORE_STR("aad"), core_buf_str(&sealed), &text);
    assert(err == 0 && core_str_eq_c(core_buf_str(&text), "text"));
    core_buf_done(&sealed);
    core_buf_done(&text);
}

/* An anonymous offer may be any valid key; a named one only the one that was signed. */
static void offer(const uint8_t *data, size_t size, bool named)
{
    unsigned char reply[BUS_HANDSHAKE_REPLY_SIZE];
    char bytes[INPUT_MAX];
    struct bus_session *a = NULL, *b = NULL;
    struct bus_handshake *h = bus_handshake_new(
        &env, named ? alice : NULL, (const unsigned char *)bus_identity_public(bob).ptr);
    struct core_str good = bus_handshake_offer(h);
    struct core_str in = input(data, size, good, bytes);
    bool same = core_str_eq(in, good);
    int err = bus_handshake_answer(&env, bob, in, reply, &b);
    assert((err == 0) == (b != NULL));
    assert(!same || err == 0);
    if (err) {
        assert(err == CORE_EPROTO || err == CORE_EDENIED);
    } else if (in.len == BUS_HANDSHAKE_NAMED_SIZE) {
        assert(same && core_str_eq(bus_session_peer(b), bus_identity_public(alice)));
    } else {
        assert(in.len == BUS_HANDSHAKE_OFFER_SIZE && bus_session_peer(b).len == 0);
    }
    if (!err) {
        err = bus_handshake_finish(h, core_strn(reply, sizeof reply), &a);
        assert(err == (same ? 0 : CORE_EDENIED));
        if (same)
            talk(a, b);
    }
    bus_handshake_free(h);
    bus_session_free(a);
    bus_session_free(b);
}

static void reply(const uint8_t *data, size_t size)
{
    unsigned char good[BUS_HANDSHAKE_REPLY_SIZE];
    char bytes[INPUT_MAX];
    struct bus_session *a = NULL, *b = NULL;
    struct bus_handshake *h = bus_handshake_new(&env, NULL, NULL);
    assert(bus_handshake_answer(&env, bob, bus_handshake_offer(h), good, &b) == 0);
    struct core_str in = input(data, size, core_strn(good, sizeof good), bytes);
    bool same = core_str_eq(in, core_strn(good, sizeof good));
    int err = bus_handshake_finish(h, in, &a);
    assert((err == 0) == same && (err == 0) == (a != NULL));
    assert(err == 0 || err == CORE_EPROTO || err == CORE_EDENIED);
    if (same) {
        talk(a, b);
        talk(b, a);
    }
    assert(bus_handshake_finish(h, core_strn(good, sizeof good), &a) == CORE_ECLOSED);
    bus_handshake_free(h);
    bus_session_free(a);
    bus_session_free(b);
}

static void sealed(const uint8_t *data, size_t size)
{
    static const unsigned char one[BUS_SESSION_KEY_SIZE] = {1}, two[BUS_SESSION_KEY_SIZE] = {2};
    char bytes[INPUT_MAX];
    struct core_buf good, text;
    struct bus_session *a = bus_session_new(one, two, NULL), *b = bus_session_new(two, one, NULL);
    core_buf_init(&good, 256);
    core_buf_init(&text, INPUT_MAX);
    assert(bus_session_seal(a, CORE_STR("aad"), CORE_STR("some text"), &good, NULL) == 0);
    struct core_str in = input(data, size, core_buf_str(&good), bytes);
    bool same = core_str_eq(in, core_buf_str(&good));
    int err = bus_session_open(b, CORE_STR("aad"), in, &text);
    assert((err == 0) == same);
    assert(core_str_eq_c(core_buf_str(&text), same ? "some text" : ""));
    assert(err == 0 || err == CORE_EPROTO || err == CORE_EDENIED || err == CORE_EMISMATCH);
    /* Whatever came, the real one still opens, once. */
    err = bus_session_open(b, CORE_STR("aad"), core_buf_str(&good), &text);
    assert(err == (same ? CORE_EEXISTS : 0));
    talk(a, b);
    bus_session_free(a);
    bus_session_free(b);
    core_buf_done(&good);
    core_buf_done(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static bool made;
    if (!made)
        make();
    made = true;
    if (size < 3 || size > INPUT_MAX)
        return 0;
    switch (data[0] % KINDS) {
    case OFFER:
    case NAMED_OFFER:
        offer(data, size, data[0] % KINDS == NAMED_OFFER);
        break;
    case REPLY:
        reply(data, size);
        break;
    default:
        sealed(data, size);
    }
    return 0;
}
