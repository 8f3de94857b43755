/*
 * bench_genom.c: libgenom in one process.
 *
 *     bench-genom modes DICT                 the names of the modes that the library has
 *     bench-genom open DICT                  milliseconds to open the dictionary, warm
 *     bench-genom pieces DICT < TEXT         MB a processor second of cutting into pieces, again and again
 *     bench-genom pieces DICT OTHER < TEXT   the same, once, when OTHER, a file, has been cut
 *     bench-genom sizes DICT MODE < TEXTS    coded bytes of each text; each is decoded and compared
 *     bench-genom speed DICT MODE < TEXTS    MB a processor second of encoding and of decoding them all
 *
 * TEXTS: each a u32 of its length, little-endian, and its bytes. Prints one line of JSON. Rates are
 * by processor time, since the wall clock of a busy machine says little.
 */
#include "genom/genom.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { OPENS = 25, PIECES = 4096 };
static const double SAMPLE_S = 0.3;
/* By their numbers: a mode that the library does not know is refused. */
static const char *const mode_names[] = {"fast", "dense"};
enum { MODES = sizeof mode_names / sizeof *mode_names };

struct text {
    const char *ptr;
    size_t len;
    size_t at, coded; /* in the buffer of coded texts */
};

static double seconds(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double cpu(void)
{
    return seconds(CLOCK_PROCESS_CPUTIME_ID);
}

static void fail(const char *what)
{
    fprintf(stderr, "bench-genom: %s\n", what);
    exit(1);
}

static void *room(size_t len)
{
    void *found = malloc(len ? len : 1);
    if (!found)
        fail("no memory is left");
    return found;
}

/* --- Input ------------------------------------------------------------------------------------ */

static char *read_all(FILE *file, size_t *ret_len)
{
    size_t len = 0, cap = 1 << 20;
    char *bytes = room(cap);
    for (size_t n; (n = fread(bytes + len, 1, cap - len, file)) > 0;) {
        len += n;
        if (len == cap) {
            cap *= 2;
            bytes = realloc(bytes, cap);
            if (!bytes)
                fail("no memory is left");
        }
    }
    *ret_len = len;
    return bytes;
}

static size_t text_len(const char *head)
{
    unsigned char b[4];
    memcpy(b, head, sizeof b);
    return b[0] | (size_t)b[1] << 8 | (size_t)b[2] << 16 | (size_t)b[3] << 24;
}

/* The texts of stdin, and room for all of them coded. */
static struct text *read_texts(size_t *ret_count, size_t *ret_bytes, size_t *ret_room)
{
    size_t len, count = 0, bytes = 0, coded = 0;
    const char *in = read_all(stdin, &len);
    struct text *texts = room((len / 4 + 1) * sizeof *texts);
    for (size_t at = 0; at < len; count++) {
        if (len - at < 4 || text_len(in + at) > len - at - 4)
            fail("the input is not lengths and texts");
        texts[count] = (struct text){.ptr = in + at + 4, .len = text_len(in + at), .at = coded};
        at += 4 + texts[count].len;
        bytes += texts[count].len;
        coded += genom_encode_bound(texts[count].len);
    }
    if (!bytes)
        fail("the input is empty");
    *ret_count = count;
    *ret_bytes = bytes;
    *ret_room = coded;
    return texts;
}

static enum genom_mode mode_named(const char *name)
{
    for (int i = 0; i < MODES; i++)
        if (strcmp(mode_names[i], name) == 0)
            return (enum genom_mode)i;
    fail("no such mode");
    return GENOM_FAST;
}

/* --- What is measured ------------------------------------------------------------------------- */

static void modes(const struct genom_dict *dict)
{
    const char *comma = "";
    printf("[");
    for (int i = 0; i < MODES; i++) {
        char out[8];
        size_t len;
        if (genom_encode(dict, (enum genom_mode)i, "a", 1, out, sizeof out, &len) == 0) {
            printf("%s\"%s\"", comma, mode_names[i]);
            comma = ", ";
        }
    }
    printf("]\n");
}

static void opening(const char *path)
{
    printf("[");
    for (int i = 0; i < OPENS; i++) {
        struct genom_dict *dict;
        double began = seconds(CLOCK_MONOTONIC);
        if (genom_dict_open(path, &dict) != 0)
            fail("the dictionary cannot be opened");
        printf("%s%.4f", i ? ", " : "", (seconds(CLOCK_MONOTONIC) - began) * 1000);
        genom_dict_close(dict);
    }
    printf("]\n");
}

static size_t cut(const struct genom_dict *dict, const char *text, size_t len)
{
    static struct genom_piece found[PIECES];
    size_t at = 0, n, count = 0;
    while ((n = genom_pieces(dict, text, len, &at, found, PIECES)) > 0)
        count += n;
    return count;
}

static void pieces(const struct genom_dict *dict, const char *other)
{
    size_t len, warm_len, count, passes = 0;
    const char *text = read_all(stdin, &len), *warm = text;
    FILE *file = other ? fopen(other, "rb") : NULL;
    double began, took;
    warm_len = len;
    if (other) {
        if (!file)
            fail("the other text cannot be read");
        warm = read_all(file, &warm_len);
        fclose(file);
    }
    cut(dict, warm, warm_len);
    began = cpu();
    do {
        count = cut(dict, text, len);
        took = cpu() - began;
        passes++;
    } while (!other && took < SAMPLE_S);
    printf("{\"pieces\": %zu, \"rate\": %.4f}\n", count, (double)len * (double)passes / took / 1e6);
}

static void encode(const struct genom_dict *dict, enum genom_mode mode, struct text *texts,
                   size_t count, char *coded)
{
    for (size_t i = 0; i < count; i++)
        if (genom_encode(dict, mode, texts[i].ptr, texts[i].len, coded + texts[i].at,
                         genom_encode_bound(texts[i].len), &texts[i].coded) != 0)
            fail("a text is not encoded");
}

/* Each to the same place. */
static void decode(const struct genom_dict *dict, const struct text *texts, size_t count,
                   const char *coded, char *out, bool compare)
{
    for (size_t i = 0; i < count; i++) {
        size_t len;
        int err = genom_decode(dict, coded + texts[i].at, texts[i].coded, out, texts[i].len, &len);
        if (err || len != texts[i].len || (compare && memcmp(out, texts[i].ptr, len) != 0))
            fail("a text does not come back");
    }
}

static void sizes(const struct genom_dict *dict, enum genom_mode mode)
{
    size_t count, bytes, cap;
    struct text *texts = read_texts(&count, &bytes, &cap);
    char *coded = room(cap), *out = room(bytes);
    encode(dict, mode, texts, count, coded);
    decode(dict, texts, count, coded, out, true);
    printf("[");
    for (size_t i = 0; i < count; i++)
        printf("%s%zu", i ? ", " : "", texts[i].coded);
    printf("]\n");
}

static void speed(const struct genom_dict *dict, enum genom_mode mode)
{
    size_t count, bytes, cap, passes;
    struct text *texts = read_texts(&count, &bytes, &cap);
    char *coded = room(cap), *out = room(bytes);
    double began, took = 0, rate;
    encode(dict, mode, texts, count, coded);
    decode(dict, texts, count, coded, out, true);
    began = cpu();
    for (passes = 0; took < SAMPLE_S; passes++, took = cpu() - began)
        encode(dict, mode, texts, count, coded);
    rate = (double)(bytes * passes) / took / 1e6;
    took = 0;
    began = cpu();
    for (passes = 0; took < SAMPLE_S; passes++, took = cpu() - began)
        decode(dict, texts, count, coded, out, false);
    printf("{\"encode\": %.4f, \"decode\": %.4f}\n", rate, (double)(bytes * passes) / took / 1e6);
}

int main(int argc, char **argv)
{
    struct genom_dict *dict;
    const char *what = argc > 1 ? argv[1] : "";
    bool coding = argc == 4 && (strcmp(what, "sizes") == 0 || strcmp(what, "speed") == 0);
    if (!coding && argc != 3 && !(argc == 4 && strcmp(what, "pieces") == 0)) {
        fprintf(stderr, "usage: bench-genom modes|open DICT | pieces DICT [OTHER] | "
                        "sizes|speed DICT MODE\n");
        return 2;
    }
    if (genom_dict_open(argv[2], &dict) != 0)
        fail("the dictionary cannot be opened");
    if (strcmp(what, "modes") == 0)
        modes(dict);
    else if (strcmp(what, "open") == 0)
        opening(argv[2]);
    else if (strcmp(what, "pieces") == 0)
        pieces(dict, argv[3]);
    else if (coding && strcmp(what, "sizes") == 0)
        sizes(dict, mode_named(argv[3]));
    else if (coding)
        speed(dict, mode_named(argv[3]));
    else
        fail("no such measurement");
    genom_dict_close(dict);
    return 0;
}
