/*
 * test_session.c: what is sealed opens once, in order, unaltered, and only at the other end. The
 * file under test is included, for the counters near their end, which no test can count up to.
 */
#include "bus/session.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct bus_session *here, *there;
static struct core_buf sealed, text;

static int setup(void **state)
{
    (void)state;
    static const unsigned char a[BUS_SESSION_KEY_SIZE] = {1}, b[BUS_SESSION_KEY_SIZE] = {2};
    here = bus_session_new(a, b, NULL);
    there = bus_session_new(b, a, b);
    core_buf_init(&sealed, 2 * (size_t)BUS_LIMIT_SEALED);
    core_buf_init(&text, 2 * (size_t)BUS_LIMIT_SEALED);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    bus_session_free(here);
    bus_session_free(there);
    core_buf_done(&sealed);
    core_buf_done(&text);
    return 0;
}

static struct core_str seal(struct bus_session *s, const char *what)
{
    core_buf_clear(&sealed);
    assert_int_equal(bus_session_seal(s, CORE_STR("head"), core_str(what), &sealed, NULL), 0);
    return core_buf_str(&sealed);
}

static int open(struct bus_session *s, struct core_str what)
{
    core_buf_clear(&text);
    int err = bus_session_open(s, CORE_STR("head"), what, &text);
    if (err)
        assert_int_equal(text.len, 0);
    return err;
}

static void both_directions(void **state)
{
    (void)state;
    static const char *const says[] = {"", "hello", "hello", "a longer message"};
    for (size_t i = 0; i < 4; i++) {
        struct core_str s = seal(here, says[i]);
        assert_int_equal(s.len, strlen(says[i]) + BUS_SESSION_EXTRA);
        assert_int_equal(open(there, s), 0);
        assert_true(core_str_eq_c(core_buf_str(&text), says[i]));
        s = seal(there, says[i]);
        assert_int_equal(open(here, s), 0);
        assert_true(core_str_eq_c(core_buf_str(&text), says[i]));
    }
    assert_int_equal(bus_session_peer(here).len, 0);
    assert_int_equal(bus_session_peer(there).len, 32);
}

/* As @noble/ciphers seals it under the key 01 00…, nonce 01 00…. */
static void known_bytes(void **state)
{
    (void)state;
    char hex[2 * (5 + BUS_SESSION_EXTRA) + 1];
    uint64_t counter = 99;
    assert_int_equal(bus_session_seal(here, CORE_STR("head"), CORE_STR("hello"), &sealed, &counter),
                     0);
    assert_int_equal(counter, 0);
    core_hex_encode(sealed.ptr, sealed.len, hex);
    assert_string_equal(hex, "01000000000000000027e45daac5a9dce5890ab3c09e31236a9a20483ee4");
    core_buf_clear(&sealed);
    assert_int_equal(bus_session_seal(here, CORE_STR(""), CORE_STR(""), &sealed, &counter), 0);
    assert_int_equal(counter, 1);
    assert_memory_equal(sealed.ptr, "\1\1\0\0\0\0\0\0\0", 9);
}

static void replay_and_order(void **state)
{
    (void)state;
    char first[64], second[64];
    struct core_str one = seal(here, "one");
    memcpy(first, one.ptr, one.len);
    one.ptr = first;
    struct core_str two = seal(here, "two");
    memcpy(second, two.ptr, two.len);
    two.ptr = second;
    assert_int_equal(open(there, two), CORE_EMISMATCH);
    assert_int_equal(open(there, one), 0);
    assert_int_equal(open(there, one), CORE_EEXISTS);
    assert_int_equal(open(there, two), 0);
    assert_int_equal(open(there, one), CORE_EEXISTS);
    assert_int_equal(open(there, two), CORE_EEXISTS);
    /* The same counter of the other direction is another message. */
    assert_int_equal(open(here, one), CORE_EDENIED);
}

static void every_bit_counts(void **state)
{
    (void)state;
    char bytes[64];
    struct core_str s = seal(here, "message");
    memcpy(bytes, s.ptr, s.len);
    s.ptr = bytes;
    for (size_t bit = 0; bit < 8 * s.len; bit++) {
        bytes[bit / 8] ^= (char)(1 << bit % 8);
        int want = bit < 8 ? CORE_EPROTO : bit < 8 * HEAD ? CORE_EMISMATCH : CORE_EDENIED;
        assert_int_equal(open(there, s), want);
        bytes[bit / 8] ^= (char)(1 << bit % 8);
    }
    for (size_t len = 0; len < s.len; len++)
        assert_int_equal(open(there, core_strn(bytes, len)),
                         len < BUS_SESSION_EXTRA ? CORE_EPROTO : CORE_EDENIED);
    core_buf_clear(&text);
    assert_int_equal(bus_session_open(there, CORE_STR("heat"), s, &text), CORE_EDENIED);
    assert_int_equal(text.len, 0);
    /* None of it spoilt the session. */
    assert_int_equal(open(there, s), 0);
}

static void counter_never_wraps(void **state)
{
    (void)state;
    uint64_t counter = 0;
    here->send.next = there->receive.next = BUS_LIMIT_SESSION_MESSAGES - 1;
    assert_int_equal(bus_session_seal(here, CORE_STR("head"), CORE_STR("last"), &sealed, &counter),
                     0);
    assert_int_equal(counter, BUS_LIMIT_SESSION_MESSAGES - 1);
    assert_int_equal(open(there, core_buf_str(&sealed)), 0);
    size_t len = sealed.len;
    counter = 5;
    assert_int_equal(bus_session_seal(here, CORE_STR("head"), CORE_STR("more"), &sealed, &counter),
                     CORE_ECLOSED);
    assert_int_equal(sealed.len, len);
    assert_int_equal(counter, 5);
    assert_int_equal(open(there, core_buf_str(&sealed)), CORE_ECLOSED);
    /* The other direction goes on. */
    assert_int_equal(open(here, seal(there, "still")), 0);
}

static void too_large(void **state)
{
    (void)state;
    struct core_buf small;
    char *big = core_alloc(BUS_LIMIT_SEALED + BUS_SESSION_EXTRA + 1);
    struct core_str head = CORE_STR("head");
    assert_int_equal(
        bus_session_seal(here, head, core_strn(big, BUS_LIMIT_SEALED + 1), &sealed, NULL),
        CORE_ETOOBIG);
    big[0] = FORM_PAYLOAD;
    assert_int_equal(bus_session_open(here, head,
                                      core_strn(big, BUS_LIMIT_SEALED + BUS_SESSION_EXTRA + 1),
                                      &text),
                     CORE_ETOOBIG);
    /* A full buffer costs no counter, on neither side. */
    core_buf_init(&small, 8);
    assert_int_equal(bus_session_seal(here, head, core_strn(big, 8), &small, NULL), CORE_ETOOBIG);
    core_buf_clear(&small);
    assert_int_equal(bus_session_seal(here, head, core_strn(big, BUS_LIMIT_SEALED), &sealed, NULL),
                     0);
    assert_int_equal(bus_session_open(there, head, core_buf_str(&sealed), &small), CORE_ETOOBIG);
    assert_int_equal(small.len, 0);
    assert_int_equal(bus_session_open(there, head, core_buf_str(&sealed), &text), 0);
    assert_int_equal(text.len, BUS_LIMIT_SEALED);
    core_buf_done(&small);
    free(big);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(both_directions, setup, teardown),
        cmocka_unit_test_setup_teardown(known_bytes, setup, teardown),
        cmocka_unit_test_setup_teardown(replay_and_order, setup, teardown),
        cmocka_unit_test_setup_teardown(every_bit_counts, setup, teardown),
        cmocka_unit_test_setup_teardown(counter_never_wraps, setup, teardown),
        cmocka_unit_test_setup_teardown(too_large, setup, teardown),
    };
    return cmocka_run_group_tests_name("bus_session", tests, NULL, NULL);
}
