/*
 * test_handshake.c: two sides end with the same session or with a refusal, and whoever stands
 * between them can do nothing but break it.
 */
#include "bus/handshake.h"

#include "core/mem.h"
#include "tests/unit/bus/folder.h"
#include "tests/unit/vectors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

/* Two nodes, and one that means ill. */
enum { ALICE, BOB, MALLORY, NODES };
static struct bus_identity *node[NODES];
static char dir[NODES][FOLDER_SIZE];
static const struct core_env *env;
static unsigned char reply[BUS_HANDSHAKE_REPLY_SIZE];

static int setup(void **state)
{
    (void)state;
    char why[256] = "";
    env = core_env_real();
    for (int i = 0; i < NODES; i++)
        if (folder_make(dir[i]) != 0 ||
            bus_identity_open(env, dir[i], &node[i], why, sizeof why) != 0)
            return -1;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    int err = 0;
    for (int i = 0; i < NODES; i++) {
        bus_identity_free(node[i]);
        err |= folder_remove(dir[i]);
    }
    return err;
}

static const unsigned char *name(int who)
{
    return (const unsigned char *)bus_identity_public(node[who]).ptr;
}

static bool talk(struct bus_session *from, struct bus_session *to)
{
    struct core_buf sealed, text;
    core_buf_init(&sealed, 256);
    core_buf_init(&text, 256);
    assert_int_equal(bus_session_seal(from, CORE_STR(""), CORE_STR("hello"), &sealed, NULL), 0);
    int err = bus_session_open(to, CORE_STR(""), core_buf_str(&sealed), &text);
    bool same = err == 0 && core_str_eq_c(core_buf_str(&text), "hello");
    core_buf_done(&sealed);
    core_buf_done(&text);
    return same;
}

/* Between an initiator (-1: anonymous) that asks for `peer` (-1: anybody) and Bob. */
static void agree(int initiator, int peer)
{
    struct bus_session *a = NULL, *b = NULL;
    struct bus_handshake *h = bus_handshake_new(env, initiator < 0 ? NULL : node[initiator],
                                                peer < 0 ? NULL : name(peer));
    struct core_str offer = bus_handshake_offer(h);
    assert_int_equal(offer.len,
                     initiator < 0 ? BUS_HANDSHAKE_OFFER_SIZE : BUS_HANDSHAKE_NAMED_SIZE);
    assert_int_equal(bus_handshake_answer(env, node[BOB], offer, reply, &b), 0);
    assert_int_equal(bus_handshake_finish(h, core_strn(reply, sizeof reply), &a), 0);
    for (int i = 0; i < 3; i++) {
        assert_true(talk(a, b));
        assert_true(talk(b, a));
    }
    assert_true(core_str_eq(bus_session_peer(a), bus_identity_public(node[BOB])));
    if (initiator < 0)
        assert_int_equal(bus_session_peer(b).len, 0);
    else
        assert_true(core_str_eq(bus_session_peer(b), bus_identity_public(node[initiator])));
    /* The secret was for one reply. */
    struct bus_session *again = NULL;
    assert_int_equal(bus_handshake_finish(h, core_strn(reply, sizeof reply), &again), CORE_ECLOSED);
    assert_null(again);
    bus_session_free(a);
    bus_session_free(b);
    bus_handshake_free(h);
}

static void sides_agree(void **state)
{
    (void)state;
    agree(-1, -1);
    agree(-1, BOB);
    agree(ALICE, BOB);
    agree(BOB, BOB);
}

static void reply_of_another_is_refused(void **state)
{
    (void)state;
    struct bus_session *a = NULL, *m = NULL;
    struct bus_handshake *h = bus_handshake_new(env, NULL, name(BOB));
    assert_int_equal(bus_handshake_answer(env, node[MALLORY], bus_handshake_offer(h), reply, &m),
                     0);
    assert_int_equal(bus_handshake_finish(h, core_strn(reply, sizeof reply), &a), CORE_EDENIED);
    bus_handshake_free(h);
    /* With Bob's name over Mallory's signature. */
    h = bus_handshake_new(env, NULL, name(BOB));
    bus_session_free(m);
    assert_int_equal(bus_handshake_answer(env, node[MALLORY], bus_handshake_offer(h), reply, &m),
                     0);
    memcpy(reply + 1120, name(BOB), 32);
    assert_int_equal(bus_handshake_finish(h, core_strn(reply, sizeof reply), &a), CORE_EDENIED);
    assert_null(a);
    bus_handshake_free(h);
    bus_session_free(m);
}

static void reply_to_another_offer_is_refused(void **state)
{
    (void)state;
    struct bus_session *a = NULL, *b = NULL;
    struct bus_handshake *one = bus_handshake_new(env, NULL, name(BOB));
    struct bus_handshake *two = bus_handshake_new(env, NULL, name(BOB));
    assert_int_equal(bus_handshake_answer(env, node[BOB], bus_handshake_offer(one), reply, &b), 0);
    assert_int_equal(bus_handshake_finish(two, core_strn(reply, sizeof reply), &a), CORE_EDENIED);
    /* The offer itself sent back. */
    assert_int_equal(bus_handshake_finish(one, bus_handshake_offer(one), &a), CORE_EDENIED);
    assert_null(a);
    bus_handshake_free(one);
    bus_handshake_free(two);
    bus_session_free(b);
}

static void altered_reply_is_refused(void **state)
{
    (void)state;
    for (size_t at = 0; at < sizeof reply; at += at < 1120 ? 149 : 5) {
        struct bus_session *a = NULL, *b = NULL;
        struct bus_handshake *h = bus_handshake_new(env, NULL, NULL);
        assert_int_equal(bus_handshake_answer(env, node[BOB], bus_handshake_offer(h), reply, &b),
                         0);
        reply[at] ^= 0x20;
        assert_int_equal(bus_handshake_finish(h, core_strn(reply, sizeof reply), &a), CORE_EDENIED);
        assert_null(a);
        /* One try, even if the right one comes afterwards. */
        reply[at] ^= 0x20;
        assert_int_equal(bus_handshake_finish(h, core_strn(reply, sizeof reply), &a), CORE_ECLOSED);
        assert_null(a);
        bus_handshake_free(h);
        bus_session_free(b);
    }
}

static void altered_offer_is_refused(void **state)
{
    (void)state;
    struct bus_handshake *h = bus_handshake_new(env, node[ALICE], name(BOB));
    unsigned char offer[BUS_HANDSHAKE_NAMED_SIZE];
    struct core_str bytes = core_strn(offer, sizeof offer);
    struct bus_session *b = NULL;
    memcpy(offer, bus_handshake_offer(h).ptr, sizeof offer);
    memset(reply, 7, sizeof reply);
    for (size_t at = 0; at < sizeof offer; at += at < 1216 ? 149 : 5) {
        offer[at] ^= 0x20;
        assert_int_equal(bus_handshake_answer(env, node[BOB], bytes, reply, &b), CORE_EDENIED);
        offer[at] ^= 0x20;
    }
    /* Meant for somebody else. */
    assert_int_equal(bus_handshake_answer(env, node[MALLORY], bytes, reply, &b), CORE_EDENIED);
    /* Under another name. */
    memcpy(offer + 1216, name(MALLORY), 32);
    assert_int_equal(bus_handshake_answer(env, node[BOB], bytes, reply, &b), CORE_EDENIED);
    assert_null(b);
    assert_int_equal(reply[0], 7);
    bus_handshake_free(h);
}

/* Zeros are a point of order 4: R the neutral point and s zero sign a quarter of all messages. */
static void nobody_has_no_name(void **state)
{
    (void)state;
    unsigned char offer[BUS_HANDSHAKE_NAMED_SIZE] = {0};
    struct bus_session *b = NULL;
    offer[1216 + 32] = 1;
    for (int i = 0; i < 64; i++) {
        struct bus_handshake *h = bus_handshake_new(env, NULL, NULL);
        memcpy(offer, bus_handshake_offer(h).ptr, BUS_HANDSHAKE_OFFER_SIZE);
        assert_int_equal(
            bus_handshake_answer(env, node[BOB], core_strn(offer, sizeof offer), reply, &b),
            CORE_EDENIED);
        bus_handshake_free(h);
    }
    assert_null(b);
}

/* With its name cut off, a named offer is an anonymous one; the initiator notices. */
static void name_cannot_be_stripped(void **state)
{
    (void)state;
    struct bus_session *a = NULL, *b = NULL;
    struct bus_handshake *h = bus_handshake_new(env, node[ALICE], name(BOB));
    struct core_str offer = bus_handshake_offer(h);
    offer.len = BUS_HANDSHAKE_OFFER_SIZE;
    assert_int_equal(bus_handshake_answer(env, node[BOB], offer, reply, &b), 0);
    assert_int_equal(bus_session_peer(b).len, 0);
    assert_int_equal(bus_handshake_finish(h, core_strn(reply, sizeof reply), &a), CORE_EDENIED);
    assert_null(a);
    bus_handshake_free(h);
    bus_session_free(b);
}

static void wrong_sizes_and_no_keys(void **state)
{
    (void)state;
    static const size_t sizes[] = {0, 1, 1215, 1217, 1311, 1313, 4000};
    static unsigned char bytes[4000];
    struct bus_session *s = NULL;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct bus_handshake *h = bus_handshake_new(env, NULL, NULL);
        assert_int_equal(
            bus_handshake_answer(env, node[BOB], core_strn(bytes, sizes[i]), reply, &s),
            CORE_EPROTO);
        assert_int_equal(bus_handshake_finish(h, core_strn(bytes, sizes[i]), &s), CORE_EPROTO);
        bus_handshake_free(h);
    }
    /* Zeros: an X25519 half of small order. Ones: an ML-KEM half that is not reduced. */
    assert_int_equal(bus_handshake_answer(env, node[BOB], core_strn(bytes, 1216), reply, &s),
                     CORE_EPROTO);
    memset(bytes, 0xff, 1216);
    assert_int_equal(bus_handshake_answer(env, node[BOB], core_strn(bytes, 1216), reply, &s),
                     CORE_EPROTO);
    assert_null(s);
}

static void sessions_differ(void **state)
{
    (void)state;
    struct bus_session *a = NULL, *b = NULL, *c = NULL;
    struct bus_handshake *h = bus_handshake_new(env, NULL, NULL);
    /* The same offer twice: a second session, of which the initiator knows nothing. */
    assert_int_equal(bus_handshake_answer(env, node[BOB], bus_handshake_offer(h), reply, &c), 0);
    assert_int_equal(bus_handshake_answer(env, node[BOB], bus_handshake_offer(h), reply, &b), 0);
    assert_int_equal(bus_handshake_finish(h, core_strn(reply, sizeof reply), &a), 0);
    assert_false(talk(a, c));
    assert_false(talk(c, a));
    bus_handshake_free(h);
    bus_session_free(a);
    bus_session_free(b);
    bus_session_free(c);
    bus_session_free(NULL);
    bus_handshake_free(NULL);
}

/* --- Vectors -------------------------------------------------------------------------------- */

/* What the environment gives out: one file, and one draw of exactly so many bytes. */
static struct core_str key_file, draw;

static int only_key(void *ctx, const char *path, struct core_buf *out)
{
    (void)ctx;
    return core_str_ends(core_str(path), CORE_STR("node.key")) ? core_buf_add_str(out, key_file)
                                                               : CORE_ENOTFOUND;
}

static int no_write(void *ctx, const char *path, struct core_str bytes, unsigned mode)
{
    (void)ctx, (void)path, (void)bytes, (void)mode;
    return 0;
}

static int no_folder(void *ctx, const char *path, unsigned mode)
{
    (void)ctx, (void)path, (void)mode;
    return 0;
}

static void loaded_dice(void *ctx, void *out, size_t len)
{
    (void)ctx;
    assert_int_equal(len, draw.len);
    memcpy(out, draw.ptr, len);
}

/* NULL for null. */
static struct bus_identity *identity_from(core_json seed)
{
    static const struct core_fs fs = {.read = only_key, .write = no_write, .mkdirs = no_folder};
    unsigned char der[48] = {0x30, 0x2e, 2,    1,    0, 0x30, 5, 6,
                             3,    0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20};
    char base64[65], pem[160], why[256] = "";
    struct core_env with_file = *env;
    struct bus_identity *id = NULL;
    struct core_str hex;
    if (core_json_str(seed, &hex) != 0)
        return NULL;
    assert_int_equal(core_hex_decode(hex, der + 16, 32), 32);
    core_base64_encode(der, sizeof der, false, base64);
    snprintf(pem, sizeof pem, "-----BEGIN PRIVATE KEY-----\n%s\n-----END PRIVATE KEY-----\n",
             base64);
    key_file = core_str(pem);
    with_file.fs = &fs;
    assert_int_equal(bus_identity_open(&with_file, "data", &id, why, sizeof why), 0);
    return id;
}

static struct core_str bytes_of(core_json object, const char *key, struct core_buf *out)
{
    struct core_str hex;
    core_buf_clear(out);
    assert_int_equal(core_json_str(core_json_get(object, key), &hex), 0);
    char *to = core_buf_reserve(out, hex.len / 2);
    assert_int_equal(core_hex_decode(hex, to, hex.len / 2), hex.len / 2);
    core_buf_grew(out, hex.len / 2);
    return core_buf_str(out);
}

static void messages(core_json list, struct bus_session *a, struct bus_session *b)
{
    struct core_json_iter it = core_json_iter(list);
    struct core_buf aad, text, want, got;
    struct core_buf *const all[] = {&aad, &text, &want, &got};
    struct core_str from;
    core_json m;
    for (size_t i = 0; i < 4; i++)
        core_buf_init(all[i], 1024);
    assert_int_equal(core_json_count(list), 5);
    while (core_json_next(&it, NULL, &m)) {
        assert_int_equal(core_json_str(core_json_get(m, "from"), &from), 0);
        bool by_a = core_str_eq_c(from, "initiator");
        struct core_str head = bytes_of(m, "aad", &aad), say = bytes_of(m, "text", &text);
        bytes_of(m, "sealed", &want);
        core_buf_clear(&got);
        assert_int_equal(bus_session_seal(by_a ? a : b, head, say, &got, NULL), 0);
        assert_true(core_str_eq(core_buf_str(&got), core_buf_str(&want)));
        core_buf_clear(&got);
        assert_int_equal(bus_session_open(by_a ? b : a, head, core_buf_str(&want), &got), 0);
        assert_true(core_str_eq(core_buf_str(&got), say));
    }
    for (size_t i = 0; i < 4; i++)
        core_buf_done(all[i]);
}

static void vectors(void **state)
{
    (void)state;
    struct core_json_doc *doc = vectors_open("handshake.json");
    core_json test, tests = core_json_get(core_json_root(doc), "tests");
    struct core_json_iter it = core_json_iter(tests);
    struct core_env loaded = *env;
    struct core_buf bytes;
    core_buf_init(&bytes, 4096);
    loaded.random = loaded_dice;
    assert_int_equal(core_json_count(tests), 4);
    while (core_json_next(&it, NULL, &test)) {
        struct bus_session *a = NULL, *b = NULL;
        struct bus_identity *initiator = identity_from(core_json_get(test, "initiator"));
        struct bus_identity *responder = identity_from(core_json_get(test, "responder"));
        draw = bytes_of(test, "seed", &bytes);
        struct bus_handshake *h = bus_handshake_new(
            &loaded, initiator, (const unsigned char *)bus_identity_public(responder).ptr);
        struct core_str offer = bytes_of(test, "offer", &bytes);
        assert_true(core_str_eq(offer, bus_handshake_offer(h)));
        draw = bytes_of(test, "random", &bytes);
        assert_int_equal(
            bus_handshake_answer(&loaded, responder, bus_handshake_offer(h), reply, &b), 0);
        assert_true(core_str_eq(bytes_of(test, "reply", &bytes), core_strn(reply, sizeof reply)));
        assert_int_equal(bus_handshake_finish(h, core_strn(reply, sizeof reply), &a), 0);
        messages(core_json_get(test, "messages"), a, b);
        bus_session_free(a);
        bus_session_free(b);
        bus_handshake_free(h);
        bus_identity_free(initiator);
        bus_identity_free(responder);
    }
    core_buf_done(&bytes);
    core_json_free(doc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sides_agree),
        cmocka_unit_test(reply_of_another_is_refused),
        cmocka_unit_test(reply_to_another_offer_is_refused),
        cmocka_unit_test(altered_reply_is_refused),
        cmocka_unit_test(altered_offer_is_refused),
        cmocka_unit_test(nobody_has_no_name),
        cmocka_unit_test(name_cannot_be_stripped),
        cmocka_unit_test(wrong_sizes_and_no_keys),
        cmocka_unit_test(sessions_differ),
        cmocka_unit_test(vectors),
    };
    return cmocka_run_group_tests_name("bus_handshake", tests, setup, teardown);
}
