/* test_message.c: messages come back from both forms; what is not exactly a message is refused. */
#include "tests/unit/genom/helper.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static const struct genom_message hello = {.from = 5,
                                           .to = 0,
                                           .type = GENOM_MSG,
                                           .dict = 0xf619e444,
                                           .id = 0x1234,
                                           .payload = (const uint8_t *)"\x00\xff\x10 abc",
                                           .len = 7};

static bool same(const struct genom_message *a, const struct genom_message *b)
{
    return a->from == b->from && a->to == b->to && a->type == b->type && a->dict == b->dict &&
           a->id == b->id && a->len == b->len && !memcmp(a->payload, b->payload, a->len);
}

static void the_text_is_as_written_down(void **state)
{
    char text[128];
    size_t len;
    (void)state;
    assert_int_equal(genom_message_put_text(&hello, text, sizeof text, &len), 0);
    text[len] = '\0';
    assert_string_equal(text, "GENOM|NOD5|*|MSG|1|f619e444|0000000000001234|AP8QIGFiYw|39bc7080");
    assert_int_equal(len, genom_message_text_len(&hello));
    assert_int_equal(genom_message_put_text(&hello, text, len - 1, &len), GENOM_ESPACE);
}

static void both_forms_come_back(void **state)
{
    uint8_t payload[64], bytes[128], got[64];
    char text[256];
    (void)state;
    srandom(9);
    for (unsigned round = 0; round < 5000; round++) {
        struct genom_message m = {
            .from = 1 + (uint32_t)random() % GENOM_NODE_MAX,
            .to = (uint32_t)random() % (round % 3 ? GENOM_NODE_MAX + 1 : 2),
            .type = (enum genom_type)(random() % 7),
            .dict = (uint32_t)random() * 2,
            .id = (uint64_t)random() << 33 | (uint64_t)random(),
            .payload = payload,
            .len = (size_t)random() % sizeof payload,
        };
        struct genom_message back;
        size_t len;
        for (size_t i = 0; i < m.len; i++)
            payload[i] = (uint8_t)random();
        assert_int_equal(genom_message_put_text(&m, text, sizeof text, &len), 0);
        assert_int_equal(genom_message_get_text(text, len, got, sizeof got, &back), 0);
        assert_true(same(&m, &back));
        if (m.len > 0)
            assert_int_equal(genom_message_get_text(text, len, got, m.len - 1, &back),
                             GENOM_ESPACE);
        /* One character of it another one. */
        size_t at = (size_t)random() % len;
        char before = text[at];
        text[at] = (char)(before ^ (1 + random() % 127));
        assert_int_not_equal(genom_message_get_text(text, len, got, sizeof got, &back), 0);
        text[at] = before;
        assert_int_equal(
            genom_message_get_text(text, (size_t)random() % len, got, sizeof got, &back),
            GENOM_EDATA);

        assert_int_equal(genom_message_put_bytes(&m, bytes, sizeof bytes, &len), 0);
        assert_int_equal(len, m.len + GENOM_FRAME_EXTRA);
        assert_int_equal(genom_message_get_bytes(bytes, len, &back), 0);
        assert_true(same(&m, &back));
        assert_int_equal(genom_message_put_bytes(&m, bytes, len - 1, &len), GENOM_ESPACE);
        bytes[at % len] ^= (uint8_t)(1 + random() % 255);
        assert_int_not_equal(genom_message_get_bytes(bytes, len, &back), 0);
        assert_int_not_equal(genom_message_get_bytes(bytes, (size_t)random() % len, &back), 0);
    }
}

static int get(const char *text)
{
    uint8_t payload[64];
    struct genom_message m;
    char line[256];
    size_t len = strlen(text);
    memcpy(line, text, len);
    uint32_t crc = genom__crc32c(0, text, len);
    line[len++] = '|';
    for (unsigned i = 8; i-- > 0; crc >>= 4)
        line[len + i] = "0123456789abcdef"[crc & 15];
    return genom_message_get_text(line, len + 8, payload, sizeof payload, &m);
}

static void fields_have_one_form(void **state)
{
    (void)state;
    assert_int_equal(get("GENOM|NOD5|*|MSG|1|f619e444|0000000000001234|AP8QIGFiYw"), 0);
    assert_int_equal(get("GENOM|NOD5|NOD7|MSG|1|f619e444|0000000000001234|"), 0);
    assert_int_equal(get("GENOM|NOD5|*|MSG|2|f619e444|0000000000001234|AP8"), GENOM_EVERSION);
    static const char *const wrong[] = {"",
                                        "GENOM",
                                        "GENOM|",
                                        "genom|NOD5|*|MSG|1|f619e444|0000000000001234|AP8",
                                        "GENOM|NOD05|*|MSG|1|f619e444|0000000000001234|AP8",
                                        "GENOM|NOD0|*|MSG|1|f619e444|0000000000001234|AP8",
                                        "GENOM|NOD10000000|*|MSG|1|f619e444|0000000000001234|AP8",
                                        "GENOM|*|*|MSG|1|f619e444|0000000000001234|AP8",
                                        "GENOM|NOD5|**|MSG|1|f619e444|0000000000001234|AP8",
                                        "GENOM|NOD5|*|msg|1|f619e444|0000000000001234|AP8",
                                        "GENOM|NOD5|*|MSG||f619e444|0000000000001234|AP8",
                                        "GENOM|NOD5|*|MSG|1|F619E444|0000000000001234|AP8",
                                        "GENOM|NOD5|*|MSG|1|f619e444|1234|AP8",
                                        "GENOM|NOD5|*|MSG|1|f619e444|0000000000001234|AP8=",
                                        "GENOM|NOD5|*|MSG|1|f619e444|0000000000001234|AP9",
                                        "GENOM|NOD5|*|MSG|1|f619e444|0000000000001234|A",
                                        "GENOM|NOD5|*|MSG|1|f619e444|0000000000001234|AP+/",
                                        "GENOM|NOD5|*|MSG|1|f619e444|0000000000001234|AP8|AP8",
                                        "GENOM|NOD5|*|MSG|1|f619e444|0000000000001234",
                                        " GENOM|NOD5|*|MSG|1|f619e444|0000000000001234|AP8"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        if (get(wrong[i]) != GENOM_EDATA)
            fail_msg("accepted: %s", wrong[i]);
}

static void fields_out_of_range_are_not_written(void **state)
{
    struct genom_message m = hello;
    uint8_t out[256];
    size_t len;
    (void)state;
    m.from = 0;
    assert_int_equal(genom_message_put_bytes(&m, out, sizeof out, &len), GENOM_EDATA);
    m.from = GENOM_NODE_MAX + 1;
    assert_int_equal(genom_message_put_text(&m, (char *)out, sizeof out, &len), GENOM_EDATA);
    m = hello;
    m.type = (enum genom_type)7;
    assert_int_equal(genom_message_put_bytes(&m, out, sizeof out, &len), GENOM_EDATA);
    assert_null(genom_type_name(m.type));
    assert_string_equal(genom_type_name(GENOM_RESULT), "RESULT");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_text_is_as_written_down),
        cmocka_unit_test(both_forms_come_back),
        cmocka_unit_test(fields_have_one_form),
        cmocka_unit_test(fields_out_of_range_are_not_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
