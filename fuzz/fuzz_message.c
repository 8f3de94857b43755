/*
 * fuzz_message.c: a message that is taken is written again as the very same bytes, in both forms;
 * ids that are a text come back; what was not sealed is not opened.
 */
#include "tests/unit/genom/helper.h"

#include <assert.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void text_form(const uint8_t *data, size_t size)
{
    uint8_t *payload = malloc(size + 1);
    char *again = malloc(size + 1);
    struct genom_message m;
    size_t len;
    assert(payload && again);
    if (!genom_message_get_text((const char *)data, size, payload, size, &m)) {
        assert(genom_message_text_len(&m) == size);
        assert(!genom_message_put_text(&m, again, size, &len));
        assert(len == size && !memcmp(again, data, size));
    }
    free(payload);
    free(again);
}

static void byte_form(const uint8_t *data, size_t size)
{
    uint8_t *again = malloc(size + 1);
    struct genom_message m;
    size_t len;
    assert(again);
    if (!genom_message_get_bytes(data, size, &m)) {
        assert(!genom_message_put_bytes(&m, again, size, &len));
        assert(len == size && !memcmp(again, data, size));
    }
    free(again);
}

static void ids_form(const struct genom_dict *dict, const uint8_t *data, size_t size)
{
    size_t count = size / 2, len, bad;
    uint32_t *ids = malloc(4 * count + 1), *again = malloc(4 * 6 * 64 * (count + 1));
    char *text = malloc(64 * (count + 1));
    assert(ids && again && text);
    for (size_t i = 0; i < count; i++)
        ids[i] = load16(data + 2 * i) % (dict->count + 2);
    if (!genom_text(dict, ids, count, text, 64 * (count + 1), &len, &bad)) {
        /* Other ids may say the same; they say it in turn. */
        size_t more = genom_ids(dict, text, len, again, 6 * 64 * (count + 1)), len2;
        char *text2 = malloc(len + 1);
        assert(text2 && !genom_text(dict, again, more, text2, len, &len2, NULL));
        assert(len2 == len && !memcmp(text, text2, len));
        free(text2);
    } else {
        assert(bad < count || count == 0);
    }
    free(ids);
    free(again);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t *bytes;
    static size_t len;
    static struct genom_dict *dict;
    if (!dict) {
        bytes = helper_dict_bytes(&len);
        dict = helper_dict_open(bytes, len);
    }
    text_form(data, size);
    byte_form(data, size);
    if (size > 0)
        ids_form(dict, data + 1, size - 1);
    return 0;
}
