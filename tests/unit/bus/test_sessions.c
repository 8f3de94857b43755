/* test_sessions.c: sessions belong to an account, end in time, and give way when there are too
 * many; tokens are sealed as tokens. */
#include "bus/sessions.h"

#include "core/err.h"
#include "core/limits.h"
#include "tests/unit/bus/folder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static int64_t wall;
static char folder[FOLDER_SIZE];
static struct core_env env;
static struct bus_identity *identity;
static struct bus_sessions *sessions;

static int64_t wall_ms(void *ctx)
{
    (void)ctx;
    return wall;
}

/* A session of an account, and the client's side of it. */
static struct bus_session *agree(const char *account, char id[static CORE_ID_SIZE])
{
    unsigned char reply[BUS_HANDSHAKE_REPLY_SIZE];
    struct bus_session *mine = NULL;
    struct bus_handshake *h = bus_handshake_new(&env, NULL, NULL);
    assert_int_equal(bus_sessions_answer(sessions, account, bus_handshake_offer(h), id, reply), 0);
    assert_int_equal(bus_handshake_finish(h, core_strn(reply, sizeof reply), &mine), 0);
    bus_handshake_free(h);
    return mine;
}

static int set_up(void **state)
{
    char why[512];
    (void)state;
    env = *core_env_real();
    wall = env.wall_ms(env.ctx);
    env.wall_ms = wall_ms;
    assert_int_equal(folder_make(folder), 0);
    assert_int_equal(bus_identity_open(&env, folder, &identity, why, sizeof why), 0);
    sessions = bus_sessions_new(&env, identity);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    bus_sessions_free(sessions);
    bus_identity_free(identity);
    return folder_remove(folder);
}

static void a_session_is_its_accounts(void **state)
{
    char id[CORE_ID_SIZE];
    struct core_buf sealed, text;
    (void)state;
    core_buf_init(&sealed, 4096);
    core_buf_init(&text, 4096);
    struct bus_session *mine = agree("anna", id);
    struct bus_session *theirs = bus_sessions_find(sessions, "anna", core_str(id));
    assert_non_null(theirs);
    assert_null(bus_sessions_find(sessions, "bert", core_str(id)));
    assert_null(bus_sessions_find(sessions, "anna", CORE_STR("01")));
    assert_int_equal(bus_session_seal(mine, CORE_STR(""), CORE_STR("hello"), &sealed, NULL), 0);
    assert_int_equal(bus_session_open(theirs, CORE_STR(""), core_buf_str(&sealed), &text), 0);
    assert_true(core_str_eq_c(core_buf_str(&text), "hello"));
    wall += BUS_LIMIT_SESSION_S * 1000;
    assert_null(bus_sessions_find(sessions, "anna", core_str(id)));
    bus_session_free(mine);
    core_buf_done(&sealed);
    core_buf_done(&text);
}

static void the_longest_unused_gives_way(void **state)
{
    static char ids[BUS_LIMIT_SESSIONS_ACCOUNT + 1][CORE_ID_SIZE];
    char other[CORE_ID_SIZE];
    (void)state;
    bus_session_free(agree("bert", other));
    for (unsigned i = 0; i < BUS_LIMIT_SESSIONS_ACCOUNT; i++)
        bus_session_free(agree("anna", ids[i]));
    assert_non_null(bus_sessions_find(sessions, "anna", core_str(ids[0])));
    bus_session_free(agree("anna", ids[BUS_LIMIT_SESSIONS_ACCOUNT]));
    assert_non_null(bus_sessions_find(sessions, "anna", core_str(ids[0])));
    assert_null(bus_sessions_find(sessions, "anna", core_str(ids[1])));
    assert_non_null(bus_sessions_find(sessions, "bert", core_str(other)));
}

static struct genom_dict *dictionary(void)
{
    char path[4096];
    struct genom_dict *dict = NULL;
    snprintf(path, sizeof path, "%s/genom/genom.dict", getenv("SKY_DEPS"));
    assert_int_equal(genom_dict_open(path, &dict), 0);
    return dict;
}

static void tokens_are_sealed_as_tokens(void **state)
{
    static const char words[] = "We meet at noon, don't we? xyzzyq";
    struct genom_dict *dict = dictionary();
    struct core_buf sealed, ids;
    uint32_t mine_ids[64];
    char id[CORE_ID_SIZE], text[256];
    size_t len, count = genom_ids(dict, words, strlen(words), mine_ids, 64);
    uint64_t counter = 9;
    (void)state;
    core_buf_init(&sealed, 4096);
    core_buf_init(&ids, 4096);
    struct bus_session *mine = agree("anna", id);
    struct bus_session *theirs = bus_sessions_find(sessions, "anna", core_str(id));
    assert_int_equal(
        bus_session_seal_tokens(mine, dict, CORE_STR("head"), mine_ids, count, &sealed, &counter),
        0);
    assert_int_equal(counter, 0);
    assert_int_equal(sealed.len, 3 * count + BUS_SESSION_EXTRA);
    assert_true(bus_session_is_tokens(core_buf_str(&sealed)));
    unsigned same = 0;
    for (size_t i = 0; i < count; i++) {
        const uint8_t *p = (const uint8_t *)sealed.ptr + 9 + 3 * i;
        uint32_t turned = p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16;
        assert_true(turned < GENOM_TOKENS);
        same += turned == mine_ids[i];
    }
    assert_true(same <= 1);
    /* A bit of each byte, another head, another form: refused, and the right one opens
     * afterwards. */
    for (size_t i = 0; i < sealed.len; i++) {
        sealed.ptr[i] ^= 1;
        assert_int_not_equal(
            bus_session_open_tokens(theirs, dict, CORE_STR("head"), core_buf_str(&sealed), &ids),
            0);
        assert_int_equal(ids.len, 0);
        sealed.ptr[i] ^= 1;
    }
    assert_int_equal(
        bus_session_open_tokens(theirs, dict, CORE_STR("hea"), core_buf_str(&sealed), &ids),
        CORE_EDENIED);
    assert_int_equal(bus_session_open(theirs, CORE_STR("head"), core_buf_str(&sealed), &ids),
                     CORE_EPROTO);
    assert_int_equal(
        bus_session_open_tokens(theirs, dict, CORE_STR("head"), core_buf_str(&sealed), &ids), 0);
    assert_int_equal(genom_text(dict, (const uint32_t *)(const void *)ids.ptr, count, text,
                                sizeof text, &len, NULL),
                     0);
    assert_int_equal(len, strlen(words));
    assert_memory_equal(text, words, len);
    core_buf_clear(&ids);
    assert_int_equal(
        bus_session_open_tokens(theirs, dict, CORE_STR("head"), core_buf_str(&sealed), &ids),
        CORE_EEXISTS);
    /* The same text again is other tokens. */
    struct core_buf again;
    core_buf_init(&again, 4096);
    assert_int_equal(
        bus_session_seal_tokens(mine, dict, CORE_STR("head"), mine_ids, count, &again, NULL), 0);
    assert_memory_not_equal(again.ptr + 9, sealed.ptr + 9, 3 * count);
    uint32_t none = GENOM_TOKENS;
    core_buf_clear(&again);
    assert_int_equal(bus_session_seal_tokens(mine, dict, CORE_STR(""), &none, 1, &again, NULL),
                     CORE_EINVAL);
    assert_int_equal(again.len, 0);
    core_buf_done(&again);
    core_buf_done(&sealed);
    core_buf_done(&ids);
    bus_session_free(mine);
    genom_dict_close(dict);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_session_is_its_accounts),
        cmocka_unit_test(the_longest_unused_gives_way),
        cmocka_unit_test(tokens_are_sealed_as_tokens),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
