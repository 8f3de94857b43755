/* helper.c: see helper.h. */
#include "tests/unit/genom/helper.h"

#include "genom/sha256.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#define MAX_TOKENS 600
#define SLOTS 2048
#define RANK_SLOT_BITS 10

struct form {
    char text[16];
    uint8_t len, kind;
};

struct maker {
    struct form forms[MAX_TOKENS];
    uint32_t count;
    uint8_t *file;
    size_t len;
    unsigned sections;
};

static void put32(uint8_t *p, uint32_t v)
{
    for (unsigned i = 0; i < 4; i++)
        p[i] = (uint8_t)(v >> (8 * i));
}

static void put16(uint8_t *p, uint32_t v)
{
    p[0] = (uint8_t)v;
    p[1] = (uint8_t)(v >> 8);
}

static void add(struct maker *m, const char *text, size_t len, unsigned kind)
{
    for (uint32_t i = 0; i < m->count; i++)
        if (m->forms[i].len == len && !memcmp(m->forms[i].text, text, len))
            return;
    struct form *f = &m->forms[m->count++];
    memcpy(f->text, text, len);
    f->len = (uint8_t)len;
    f->kind = (uint8_t)kind;
}

static const char *const english[] = {"the",   "hello", "world", "is", "don't", "a",   "i",
                                      "naïve", "we",    "meet",  "at", "you",   "and", "nasa"};
static const char *const czech[] = {"ahoj", "světe", "příliš", "žluťoučký", "kůň", "a", "je", "to"};
#define COUNT(list) (sizeof(list) / sizeof *(list))

static void add_forms(struct maker *m)
{
    static const struct {
        const char *text;
        unsigned cls;
    } signs[] = {{",", GENOM_COMMA},   {".", GENOM_STOP},         {"!", GENOM_STOP},
                 {"?", GENOM_STOP},    {"...", GENOM_STOP},       {"(", GENOM_OPEN},
                 {")", GENOM_CLOSE},   {"\"", GENOM_QUOTE},       {"'", GENOM_TIE},
                 {"-", GENOM_TIE},     {"://", GENOM_TIE},        {"—", GENOM_DASH},
                 {"👋", GENOM_EMOJI},  {"👋🏽", GENOM_EMOJI},     {" ", GENOM_BLANK},
                 {"   ", GENOM_BLANK}, {"\n", GENOM_BLANK},       {"\n\n", GENOM_BLANK},
                 {"日本", GENOM_IDEO}, {"new york", GENOM_PHRASE}};
    char number[4];
    for (unsigned i = 0; i < 16; i++) { /* controls have no form; no two are alike */
        m->forms[m->count++] = (struct form){.kind = GENOM_CONTROL};
    }
    for (unsigned i = 0; i < COUNT(english); i++)
        add(m, english[i], strlen(english[i]),
            GENOM_WORD | (i == 6    ? KIND_TITLE
                          : i == 13 ? KIND_UPPER
                                    : 0));
    for (unsigned i = 0; i < COUNT(czech); i++)
        add(m, czech[i], strlen(czech[i]), GENOM_WORD);
    for (unsigned i = 0; i < COUNT(signs); i++)
        add(m, signs[i].text, strlen(signs[i].text), signs[i].cls);
    for (unsigned i = 0; i < 100; i++)
        add(m, number, (size_t)snprintf(number, sizeof number, "%u", i), GENOM_NUMBER);
    for (unsigned i = 0; i < 256; i++) {
        char byte = (char)i;
        bool letter = i < 128 && genom__letter(i);
        if (byte < 'A' || byte > 'Z')
            add(m, &byte, 1, letter ? GENOM_WORD : GENOM_BYTE);
        else
            add(m, &byte, 1, GENOM_BYTE);
    }
}

static uint8_t *section(struct maker *m, const char *tag, size_t len)
{
    uint8_t *entry = m->file + 64 + 24 * m->sections++;
    m->len = (m->len + 63) / 64 * 64;
    memcpy(entry, tag, 4);
    put32(entry + 8, (uint32_t)m->len);
    put32(entry + 16, (uint32_t)len);
    m->len += len;
    return m->file + m->len - len;
}

static void write_tokens(struct maker *m)
{
    size_t n = m->count, at = 0;
    uint8_t *offs = section(m, "OFFS", 4 * (n + 1)), *kind = section(m, "KIND", n);
    uint8_t *posn = section(m, "POSN", 4 * n), *ring = section(m, "RING", 4 * n);
    uint8_t *info = section(m, "INFO", 2 * n), *hash = section(m, "HASH", 4 * SLOTS);
    section(m, "SECT", n);
    memset(hash, 0xff, 4 * SLOTS);
    for (uint32_t i = 0; i < n; i++) {
        const struct form *f = &m->forms[i];
        put32(offs + 4 * i, (uint32_t)at);
        at += f->len;
        kind[i] = f->kind;
        put32(posn + 4 * i,
              (uint32_t)((i * 7) % n)); /* n is no multiple of 7: see helper_dict_bytes */
        put32(ring + 4 * ((i * 7) % n), i);
        put16(info + 2 * i, 1024 * 10);
        if (f->len == 0)
            continue;
        uint64_t h = genom__hash(f->text, f->len);
        uint32_t slot = (uint32_t)h % SLOTS;
        while (load32(hash + 4 * slot) != UINT32_MAX)
            slot = (slot + 1) % SLOTS;
        put32(hash + 4 * slot, (uint32_t)(h >> 52) << 20 | i);
    }
    put32(offs + 4 * n, (uint32_t)at);
    uint8_t *strs = section(m, "STRS", at);
    for (uint32_t i = 0; i < n; i++) {
        memcpy(strs, m->forms[i].text, m->forms[i].len);
        strs += m->forms[i].len;
    }
    uint8_t *arcs = section(m, "ARCS", 32);
    memcpy(arcs, "social", 7);
    put32(arcs + 20, 2);
    put32(arcs + 28, (uint32_t)n);
}

static void write_bytes(struct maker *m)
{
    uint8_t *p = section(m, "BYTE", 256 * 4);
    for (unsigned byte = 0; byte < 256; byte++)
        for (uint32_t i = 0; i < m->count; i++)
            if (m->forms[i].len == 1 && (uint8_t)m->forms[i].text[0] == byte)
                put32(p + 4 * byte, i);
}

/* Words only, on a circle by id: the next id is the most similar. */
static void write_vectors(struct maker *m)
{
    uint32_t rows = COUNT(english);
    uint8_t *p = section(m, "VECS", 8 + rows * (4 + 2));
    put32(p, rows);
    put32(p + 4, 2);
    for (uint32_t i = 0; i < rows; i++) {
        put32(p + 8 + 4 * i, 16 + i);
        double turn = i * 0.1,
               sine = turn - turn * turn * turn / 6 + turn * turn * turn * turn * turn / 120;
        p[8 + 4 * rows + 2 * i] =
            (uint8_t)(int8_t)(127 * (1 - turn * turn / 2 + turn * turn * turn * turn / 24));
        p[8 + 4 * rows + 2 * i + 1] = (uint8_t)(int8_t)(127 * sine);
    }
}

static uint32_t id_of(const struct maker *m, const char *text)
{
    for (uint32_t i = 0; i < m->count; i++)
        if (m->forms[i].len == strlen(text) && !memcmp(m->forms[i].text, text, strlen(text)))
            return i;
    abort();
}

static void write_lang(const struct maker *m, uint8_t *p, const char *const *words, unsigned count)
{
    uint8_t *slots = p + 4 * count;
    memset(slots, 0xff, 2 << RANK_SLOT_BITS);
    for (unsigned rank = 0; rank < count; rank++) {
        uint32_t id = id_of(m, words[rank]), at = (id * 0x9e3779b1u) >> (32 - RANK_SLOT_BITS);
        put32(p + 4 * rank, id);
        while (load16(slots + 2 * at) != 0xffff)
            at = (at + 1) % (1u << RANK_SLOT_BITS);
        put16(slots + 2 * at, rank);
    }
}

static void write_langs(struct maker *m)
{
    size_t one = COUNT(english) * 4 + (2 << RANK_SLOT_BITS);
    uint8_t *p = section(m, "LANG", 4 + 2 * 16 + one + COUNT(czech) * 4 + (2 << RANK_SLOT_BITS));
    put32(p, 2);
    memcpy(p + 4, "en", 2);
    put32(p + 4 + 8, COUNT(english));
    put32(p + 4 + 12, RANK_SLOT_BITS);
    memcpy(p + 20, "cs", 2);
    put32(p + 20 + 8, COUNT(czech));
    put32(p + 20 + 12, RANK_SLOT_BITS);
    write_lang(m, p + 36, english, COUNT(english));
    write_lang(m, p + 36 + one, czech, COUNT(czech));
}

/* The same for `used` of `count`, but the first, which has the rest. */
static uint8_t *write_freqs(uint8_t *p, unsigned count, unsigned used, unsigned each)
{
    for (unsigned i = 1; i < used; i++)
        put16(p + 2 * i, each);
    put16(p, FREQ_TOTAL - (used - 1) * each);
    return p + 2 * count;
}

static void write_fast(struct maker *m)
{
    size_t one = 2 * (CONTEXTS * SYMBOLS + 256 + CASES * 3);
    uint8_t *p = section(m, "FAST", 2 * (65536 + SPELL_MAX) + 2 * one);
    for (unsigned i = 0; i < 256; i++)
        p = write_freqs(p, 256, 256, 100);
    p = write_freqs(p, SPELL_MAX, SPELL_MAX, 500);
    for (unsigned lang = 0; lang < 2; lang++) {
        for (unsigned i = 0; i < CONTEXTS; i++)
            p = write_freqs(p, SYMBOLS, SYM_ID + ID_BUCKETS, 80);
        for (unsigned i = 0; i < 256; i++, p += 2)
            put16(p, i / 16 == GENOM_WORD && i % 16 == GENOM_WORD ? 30000 : 3000);
        for (unsigned i = 0; i < CASES; i++)
            p = write_freqs(p, 3, 3, 3000);
    }
}

/* Texts whose codes lists are made of: ranks of English
 * words as letters from 'a', other signs as they are. */
static const char learned[] = "bc!|bc,ljkl|ba!|bc!|dea|dea.|ljkl?|lja|bc!|~bc~|(bc)|ljkl?";

/* Keys of n + 1 codes in a row, ascending, and how often each stands there. */
static uint32_t count_grams(unsigned order, uint64_t *ret_keys, uint8_t *ret_counts)
{
    uint32_t count = 0;
    for (size_t i = 0; i + order + 1 < sizeof learned; i++) {
        uint64_t key = 0;
        bool whole = true;
        for (unsigned j = 0; j <= order + 1; j++) {
            char c = i + j == 0 ? '|' : learned[i + j - 1];
            uint64_t code = c == '|'               ? SYM_END
                            : c == '~'             ? SYM_LISTED + 64000u
                            : c >= 'a' && c <= 'z' ? SYM_LISTED + (uint64_t)(c - 'a')
                                                   : SYM_ASCII + (uint64_t)c;
            whole &= code != SYM_END || j == 0 || j == order + 1;
            key = key << 16 | code;
        }
        uint32_t at = 0;
        while (at < count && ret_keys[at] < key)
            at++;
        if (!whole)
            continue;
        if (at == count || ret_keys[at] != key) {
            memmove(ret_keys + at + 1, ret_keys + at, (count - at) * sizeof *ret_keys);
            memmove(ret_counts + at + 1, ret_counts + at, count - at);
            ret_keys[at] = key;
            ret_counts[at] = 0;
            count++;
        }
        ret_counts[at]++;
    }
    return count;
}

/* The first of the keys that is not less. */
static uint32_t first_key(const uint64_t *keys, uint32_t count, uint64_t key)
{
    uint32_t at = 0;
    while (at < count && keys[at] < key)
        at++;
    return at;
}

/* Lists of what follows one code: where they begin, what they leave, sums of what they keep. */
static uint8_t *write_first_list(uint8_t *p, const uint64_t *keys, const uint8_t *counts,
                                 uint32_t count)
{
    uint32_t sum = 0;
    for (uint32_t code = 0; code <= 65536; code++, p += 4)
        put32(p, first_key(keys, count, (uint64_t)code << 16));
    for (uint32_t code = 0; code < 65536; code++, p += 2)
        put16(p, 20000);
    for (uint32_t i = 0; i <= count; i++) {
        if (i % GRAMS_SUM_BLOCK == 0) {
            put32(p, sum);
            p += 4;
        }
        if (i < count)
            sum += counts[i] * 16u - (counts[i] == 1 ? 12 : counts[i] == 2 ? 23 : 27);
    }
    return p;
}

static void write_dense(struct maker *m)
{
    static uint64_t keys[3][sizeof learned];
    static uint8_t counts[3][sizeof learned];
    uint32_t n[3];
    for (unsigned i = 0; i < 3; i++)
        n[i] = count_grams(i, keys[i], counts[i]);
    size_t blocks = (n[0] + 31) / 32 + (n[1] + 31) / 32 + n[0] / 16 + 1;
    uint8_t *p = section(m, "DENS",
                         16 + 2 * 4 + 8 * 384 * 2 + 65537 * 4 + 65536 * 2 + blocks * 4 +
                             (n[0] + n[1]) * 4 + n[2] * 3);
    uint32_t wave = id_of(m, "👋"), dots = id_of(m, "...");
    put32(p, 2);
    for (unsigned i = 0; i < 3; i++)
        put32(p + 4 + 4 * i, n[i]);
    put32(p + 16, wave < dots ? wave : dots);
    put32(p + 20, wave < dots ? dots : wave);
    p += 24;
    for (unsigned i = 0; i < CONTEXTS; i++)
        p = write_freqs(p, SYMBOLS, SYM_ID + ID_BUCKETS, 80);
    p = write_first_list(p, keys[0], counts[0], n[0]);
    for (unsigned i = 0; i < 2; i++) {
        for (uint32_t j = 0; j < n[i]; j += 32, p += 4)
            put32(p, first_key(keys[i + 1], n[i + 1], keys[i][j] << 16));
        for (uint32_t j = 0; j < n[i]; j++)
            *p++ = (uint8_t)(first_key(keys[i + 1], n[i + 1], (keys[i][j] + 1) << 16) -
                             first_key(keys[i + 1], n[i + 1], keys[i][j] << 16));
    }
    for (uint32_t j = 0; j < n[0]; j++, p += 2)
        put16(p, (uint32_t)keys[0][j] & 0xffff);
    for (unsigned i = 1; i < 3; i++) {
        for (uint32_t j = 0; j < n[i]; j++, p += 2) {
            uint64_t pair = keys[i][j] & 0xffffffff;
            put16(p, first_key(keys[0], n[0], pair) - first_key(keys[0], n[0], pair >> 16 << 16));
        }
    }
    for (unsigned i = 0; i < 3; p += n[i], i++)
        memcpy(p, counts[i], n[i]);
}

size_t helper_section(const uint8_t *bytes, const char *tag, size_t *ret_len)
{
    for (unsigned i = 0; i < load32(bytes + 12); i++) {
        const uint8_t *entry = bytes + 64 + 24 * i;
        if (memcmp(entry, tag, 4))
            continue;
        *ret_len = load32(entry + 16);
        return load32(entry + 8);
    }
    abort();
}

void helper_dict_seal_header(uint8_t *bytes)
{
    uint8_t head[64];
    unsigned sections = load32(bytes + 12) % 32;
    memcpy(head, bytes, 64);
    memset(head + 28, 0, 36);
    put32(bytes + 28, genom__crc32c(genom__crc32c(0, head, 64), bytes + 64, 24 * sections));
}

void helper_pack_seal(uint8_t *pack)
{
    uint8_t *file = pack + PACK_HEADER;
    helper_dict_seal_header(file);
    put32(pack + 12, genom__crc32c(0, file, 64 + 24 * (size_t)(load32(file + 12) % 32)));
}

void helper_dict_seal(uint8_t *bytes, size_t len)
{
    struct genom__sha256 sha;
    uint8_t sum[32];
    for (unsigned i = 0; i < load32(bytes + 12); i++) {
        uint8_t *entry = bytes + 64 + 24 * i;
        put32(entry + 4, genom__crc32c(0, bytes + load32(entry + 8), load32(entry + 16)));
    }
    memset(bytes + 28, 0, 36);
    genom__sha256_init(&sha);
    genom__sha256_add(&sha, bytes, len);
    genom__sha256_end(&sha, sum);
    memcpy(bytes + 32, sum, 32);
    helper_dict_seal_header(bytes);
}

uint8_t *helper_dict_bytes(size_t *ret_len)
{
    struct maker m = {.file = calloc(1, 2 << 20), .len = 64 + 24 * 16};
    assert(m.file);
    add_forms(&m);
    if (m.count % 7 == 0)
        add(&m, "zzz", 3, GENOM_WORD);
    write_tokens(&m);
    write_bytes(&m);
    write_vectors(&m);
    write_langs(&m);
    write_fast(&m);
    write_dense(&m);
    memcpy(m.file, "GENOMDIC", 8);
    put32(m.file + 8, 1);
    put32(m.file + 12, m.sections);
    put32(m.file + 16, (uint32_t)m.len);
    put32(m.file + 24, m.count);
    helper_dict_seal(m.file, m.len);
    *ret_len = m.len;
    return m.file;
}

struct genom_dict *helper_dict_open(const uint8_t *bytes, size_t len)
{
    struct genom_dict *dict = genom__dict_new();
    if (!dict || genom__dict_init(dict, bytes, len))
        abort();
    return dict;
}

struct genom_dict *helper_real_dict(void)
{
    static struct genom_dict *dict;
    char path[4096];
    const char *deps = getenv("SKY_DEPS");
    if (!dict && deps) {
        snprintf(path, sizeof path, "%s/genom/genom.dict", deps);
        genom_dict_open(path, &dict);
    }
    return dict;
}
