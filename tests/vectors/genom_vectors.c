/*
 * genom_vectors.c DICTIONARY: prints tests/vectors/genom.json: texts in their coded forms and as
 * ids, messages in both forms, rotations. The contract for other implementations of docs/genom.md;
 * dice with a fixed seed.
 *
 *     ninja -C build genom-vectors && build/genom-vectors build/deps/genom/genom.dict > tests/vectors/genom.json
 */
#include "bus/session.h"
#include "genom/genom.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXTS = 1500, MESSAGES = 300, ROTATIONS = 200, TEXT_MAX = 160 };

static uint64_t dice_state = 0x47454e4f4d;

static uint32_t dice(uint32_t sides)
{
    dice_state = dice_state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(dice_state >> 33) % sides;
}

static void hex(const char *key, const void *bytes, size_t len, const char *end)
{
    printf("\"%s\":\"", key);
    for (size_t i = 0; i < len; i++)
        printf("%02x", ((const unsigned char *)bytes)[i]);
    printf("\"%s", end);
}

static void list(const char *key, const uint32_t *ids, size_t count, const char *end)
{
    printf("\"%s\":[", key);
    for (size_t i = 0; i < count; i++)
        printf("%s%u", i ? "," : "", ids[i]);
    printf("]%s", end);
}

/* --- Texts ---------------------------------------------------------------------------------- */

static const char *const fixed[] = {
    "",
    " ",
    "a",
    "Hello, world!",
    "HELLO WORLD",
    "hELLO",
    "Don't you?",
    "  two  spaces  ",
    "line\nline\r\n\ttab",
    "0",
    "007",
    "1899 1900 2099 2100 123456789",
    "P\xc5\x99\xc3\xadli\xc5\xa1 \xc5\xbelu\xc5\xa5ou\xc4\x8dk\xc3\xbd K\xc5\xae\xc5\x87",
    "stra\xc3\x9f"
    "e STRASSE",
    "\xf0\x9f\x91\x8b\xf0\x9f\x8f\xbd \xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e",
    "\xff\xfe\x80",
    "x\xc3",
    "https://example.org/a?b=c#d",
    "...?! (\"quoted\") \xe2\x80\x93 \xe2\x80\x9cso\xe2\x80\x9d",
    "xyzzyq iPhone McDonald",
    "e\xcc\x81 a\xcc\x8a",
    "\xd0\x9f\xd1\x80\xd0\xb8\xd0\xb2\xd0\xb5\xd1\x82, \xd0\xbc\xd0\xb8\xd1\x80!",
};

/* Frequent words more often than rare ones. */
static uint32_t some_id(const struct genom_dict *dict)
{
    uint32_t most = dice(4) ? 2000 : genom_dict_tokens(dict);
    return GENOM_CONTROLS + dice(most - GENOM_CONTROLS);
}

static size_t make_text(const struct genom_dict *dict, char *out)
{
    size_t len = 0;
    unsigned kind = dice(8);
    for (unsigned n = dice(14) + 1; n > 0; n--) {
        struct genom_token t;
        char piece[128];
        size_t piece_len = 0;
        genom_token(dict, some_id(dict), &t);
        if (kind == 0) {
            piece[piece_len++] = (char)dice(256);
        } else if (t.canonical.len < sizeof piece) {
            memcpy(piece, t.canonical.ptr, piece_len = t.canonical.len);
        }
        if (piece_len > 0 && dice(6) == 0 && piece[0] >= 'a' && piece[0] <= 'z')
            piece[0] -= 32;
        if (len + piece_len + 2 > TEXT_MAX)
            break;
        memcpy(out + len, piece, piece_len);
        len += piece_len;
        if (dice(8) == 0)
            out[len++] = ".,!?\n-'\""[dice(8)];
        if (dice(8))
            out[len++] = ' ';
    }
    return len;
}

static void texts(const struct genom_dict *dict)
{
    printf("\"texts\":[\n");
    for (unsigned i = 0; i < TEXTS; i++) {
        char text[TEXT_MAX];
        unsigned char coded[TEXT_MAX + 1];
        uint32_t ids[TEXT_MAX * 6];
        size_t len, coded_len;
        if (i < sizeof fixed / sizeof *fixed)
            memcpy(text, fixed[i], len = strlen(fixed[i]));
        else
            len = make_text(dict, text);
        if (genom_encode(dict, GENOM_FAST, text, len, coded, sizeof coded, &coded_len))
            abort();
        printf("{");
        hex("text", text, len, ",");
        hex("fast", coded, coded_len, ",");
        if (genom_encode(dict, GENOM_DENSE, text, len, coded, sizeof coded, &coded_len))
            abort();
        hex("dense", coded, coded_len, ",");
        list("ids", ids, genom_ids(dict, text, len, ids, TEXT_MAX * 6),
             i + 1 < TEXTS ? "},\n" : "}\n");
    }
    printf("],\n");
}

/* --- Messages and rotations ----------------------------------------------------------------- */

static void messages(void)
{
    printf("\"messages\":[\n");
    for (unsigned i = 0; i < MESSAGES; i++) {
        unsigned char payload[48], bytes[48 + GENOM_FRAME_EXTRA];
        char text[256];
        size_t text_len, bytes_len;
        struct genom_message m = {
            .from = 1 + dice(dice(2) ? 99 : GENOM_NODE_MAX),
            .to = dice(3) ? dice(GENOM_NODE_MAX) : 0,
            .type = (enum genom_type)dice(7),
            .dict = dice(UINT32_MAX),
            .id = (uint64_t)dice(UINT32_MAX) << 32 | dice(UINT32_MAX),
            .payload = payload,
            .len = dice(sizeof payload),
        };
        for (size_t b = 0; b < m.len; b++)
            payload[b] = (unsigned char)dice(256);
        if (genom_message_put_text(&m, text, sizeof text, &text_len) ||
            genom_message_put_bytes(&m, bytes, sizeof bytes, &bytes_len))
            abort();
        printf("{\"from\":%u,\"to\":%u,\"type\":\"%s\",\"dictionary\":\"%08x\",\"id\":\"%016llx\",",
               m.from, m.to, genom_type_name(m.type), m.dict, (unsigned long long)m.id);
        hex("payload", payload, m.len, ",");
        printf("\"text\":\"%.*s\",", (int)text_len, text);
        hex("bytes", bytes, bytes_len, i + 1 < MESSAGES ? "},\n" : "}\n");
    }
    printf("],\n");
}

static void rotations(const struct genom_dict *dict)
{
    printf("\"rotations\":[\n");
    for (unsigned i = 0; i < ROTATIONS; i++) {
        uint32_t ids[24];
        uint8_t key[32], aad[16], sealed[3 * 24 + GENOM_SEALED_EXTRA];
        size_t count = i ? dice(24) : 0, aad_len = dice(sizeof aad);
        uint64_t counter = i < 100 ? i : (uint64_t)dice(UINT32_MAX) << 16;
        for (size_t b = 0; b < sizeof key; b++)
            key[b] = (uint8_t)dice(256);
        for (size_t b = 0; b < aad_len; b++)
            aad[b] = (uint8_t)dice(256);
        for (size_t t = 0; t < count; t++)
            ids[t] = dice(genom_dict_tokens(dict));
        if (genom_seal_tokens(dict, &bus_genom_crypto, key, counter, aad, aad_len, ids, count,
                              sealed))
            abort();
        printf("{");
        hex("key", key, sizeof key, ",");
        printf("\"counter\":%llu,", (unsigned long long)counter);
        hex("header", aad, aad_len, ",");
        list("ids", ids, count, ",");
        hex("sealed", sealed, 3 * count + GENOM_SEALED_EXTRA, i + 1 < ROTATIONS ? "},\n" : "}\n");
    }
    printf("]");
}

int main(int argc, char **argv)
{
    struct genom_dict *dict;
    char name[GENOM_DICT_NAME];
    if (argc != 2 || genom_dict_open(argv[1], &dict)) {
        fprintf(stderr, "usage: genom-vectors DICTIONARY\n");
        return 1;
    }
    genom_dict_name(dict, name);
    printf(
        "{\"source\":\"docs/genom.md, by tests/vectors/genom_vectors.c; bytes in hexadecimal\",\n\"dictionary\":\"%s\",\n",
        name);
    texts(dict);
    messages();
    rotations(dict);
    printf("}\n");
    genom_dict_close(dict);
    return 0;
}
