/*
 * fuzz_genom.c: every text comes back; what decodes stays in its room and encodes again; an altered
 * dictionary never leads out of its bytes. The first byte says which of the three. And every input
 * is a message that wants something, the same with spaces round it.
 */
#include "genom/cut.h"
#include "tests/unit/genom/helper.h"

#include <assert.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define ROOM 4096

/* Who has the pieces gets the same. */
static void same_of_pieces(const struct genom_dict *dict, const char *text, size_t len,
                           const uint8_t *coded, size_t coded_len)
{
    size_t cap = genom_encode_bound(len), at = 0, again_len;
    struct genom_piece *pieces = malloc((len + 1) * sizeof *pieces);
    uint8_t *again = malloc(cap);
    assert(pieces && again);
    size_t count = genom_pieces(dict, text, len, &at, pieces, len + 1);
    assert(at == len);
    assert(!genom_encode_pieces(dict, text, len, pieces, count, again, cap, &again_len));
    assert(again_len == coded_len && !memcmp(again, coded, coded_len));
    free(pieces);
    free(again);
}

static size_t comes_back_in(const struct genom_dict *dict, enum genom_mode mode, const void *text,
                            size_t len)
{
    size_t cap = genom_encode_bound(len), coded_len, back_len;
    uint8_t *coded = malloc(cap);
    char *back = malloc(len + 1);
    assert(coded && back);
    assert(!genom_encode(dict, mode, text, len, coded, cap, &coded_len));
    assert(!genom_decode(dict, coded, coded_len, back, len, &back_len));
    assert(back_len == len && (len == 0 || !memcmp(back, text, len)));
    if (mode == GENOM_FAST)
        same_of_pieces(dict, text, len, coded, coded_len);
    free(coded);
    free(back);
    return coded_len;
}

/* In calls of a few pieces each. */
static size_t pieces_of(const struct genom_dict *dict, genom__cut *cut, const char *text,
                        size_t len, struct genom_piece *out)
{
    struct cutter c = {.dict = dict, .text = text, .len = len, .out = out};
    while (c.at < len) {
        c.max = c.count + 50;
        cut(&c);
    }
    return c.count;
}

static void cut_one_by_one(struct cutter *c)
{
    while (c->at < c->len && c->count < c->max)
        genom__cut_one(c);
}

/* Many pieces at a time are those that one after the other would be. */
static void cuts_agree(const struct genom_dict *dict, const char *text, size_t len)
{
    struct genom_piece *one = malloc((len + 1) * sizeof *one);
    struct genom_piece *many = malloc((len + 1) * sizeof *many);
    assert(one && many);
    size_t count = pieces_of(dict, cut_one_by_one, text, len, one);
    assert(pieces_of(dict, genom__cut_bytes, text, len, many) == count);
    assert(count == 0 || !memcmp(one, many, count * sizeof *one));
    assert(pieces_of(dict, genom__cut_best(), text, len, many) == count);
    assert(count == 0 || !memcmp(one, many, count * sizeof *one));
    free(one);
    free(many);
}

static void text_comes_back(const struct genom_dict *dict, const void *text, size_t len)
{
    cuts_agree(dict, text, len);
    assert(comes_back_in(dict, GENOM_DENSE, text, len) <=
           comes_back_in(dict, GENOM_FAST, text, len));
}

static void bytes_are_bounded(const struct genom_dict *dict, const uint8_t *data, size_t size)
{
    char *out = malloc(ROOM);
    size_t len;
    assert(out);
    if (!genom_decode(dict, data, size, out, ROOM, &len))
        text_comes_back(dict, out, len);
    free(out);
}

/* Four bytes each: where, and what to. */
static void tables_stay_inside(const uint8_t *whole, size_t len, const uint8_t *data, size_t size)
{
    uint8_t *copy = malloc(len);
    struct genom_dict *dict = genom__dict_new();
    static const char text[] = "Hello, world: ahoj \"světe\" 42 👋...\n";
    uint8_t coded[sizeof text + 1];
    char back[256];
    size_t coded_len, back_len;
    assert(copy && dict);
    memcpy(copy, whole, len);
    for (; size >= 4; data += 4, size -= 4)
        copy[(data[0] | (size_t)data[1] << 8 | (size_t)data[2] << 16) % len] = data[3];
    helper_dict_seal_header(copy);
    if (!genom__dict_init(dict, copy, len)) {
        struct genom_token token;
        for (unsigned mode = GENOM_FAST; mode <= GENOM_DENSE; mode++) {
            assert(!genom_encode(dict, (enum genom_mode)mode, text, sizeof text, coded,
                                 sizeof coded, &coded_len));
            (void)genom_decode(dict, coded, coded_len, back, sizeof back, &back_len);
        }
        for (uint32_t id = 0; id < dict->count; id += 7)
            genom_token(dict, id, &token);
        (void)genom_dict_verify(dict);
    }
    genom__dict_free(dict);
    free(copy);
}

/* Shorter than what is read whole. */
#define MESSAGE_MAX 1000

static void intent_is_one(const uint8_t *data, size_t size)
{
    struct genom_intent intent, again;
    char *text = malloc(size + 2);
    assert(text);
    memcpy(text + 1, data, size);
    text[0] = text[size + 1] = ' ';
    genom_intent((const char *)data, size, &intent);
    genom_intent(text, size + 2, &again);
    assert((unsigned)intent.intent < GENOM_INTENTS && (unsigned)again.intent < GENOM_INTENTS);
    assert(intent.confidence > 0 && intent.confidence <= 100);
    assert(size > MESSAGE_MAX || intent.intent == again.intent);
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
    intent_is_one(data, size);
    if (size == 0)
        return 0;
    switch (data[0] % 3) {
    case 0:
        text_comes_back(dict, data + 1, size - 1);
        break;
    case 1:
        bytes_are_bounded(dict, data + 1, size - 1);
        break;
    default:
        tables_stay_inside(bytes, len, data + 1, size - 1);
        break;
    }
    return 0;
}
