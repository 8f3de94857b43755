/* inside.h: what the files of genom share. */
#ifndef GENOM_INSIDE_H
#define GENOM_INSIDE_H

#include "genom/genom.h"

#include <string.h>

/* An id has 20 bits in a slot of the hash; all ones are an empty one. */
#define TOKENS_MAX ((1u << 20) - 1)
#define HASH_BITS_MAX 22
#define LANGS_MAX 16
#define RANKS_MAX 65535
#define RANK_BITS 17
#define ARCS_MAX 64
#define VEC_DIMS_MAX 256
/* Length of a stored vector, and how far its cosine may be from its product by that. */
#define VEC_LENGTH 127.0
#define VEC_SLACK 0.1

#define KIND_CLASS 15
#define KIND_TITLE 16
#define KIND_UPPER 32
#define KIND_INFERRED 64

/* Frequencies of one context become borders; a value finds its symbol through `start`. */
#define FREQ_BITS 15
#define FREQ_TOTAL (1u << FREQ_BITS)
#define SYMBOLS 384
#define CONTEXTS 8
#define CASES 18
#define SPELL_MAX 64 /* bytes of one spelled piece */
#define START_BITS 12

struct symbol_model {
    uint16_t border[SYMBOLS + 1]; /* the last is FREQ_TOTAL */
    uint16_t start[1 << START_BITS];
};

struct lang_model {
    struct symbol_model symbols[CONTEXTS];
    uint16_t space[16][16];
    uint16_t casing[CASES][3]; /* borders: of title, of upper, the end */
};

struct lang {
    const uint8_t *ids;   /* u32 × ranks */
    const uint8_t *slots; /* u16 × 2^bits */
    uint32_t ranks;
    unsigned bits; /* of a slot's number */
    char code[9];
};

/* The most frequent short forms once more, so that most words cost one line of the cache. */
#define HOT_FORMS 49152 /* of which those stay that find their place free */
#define HOT_BITS 15
#define HOT_MIX UINT64_C(0x9e3779b97f4a7c15)
struct hot {
    uint64_t a, b; /* the form, zeros behind it, in the order of memory; a = 0: empty */
    struct genom_piece piece;
};

/* The most frequent words of the first language by their rank, so that decoding one costs a line of
 * the cache. */
#define RANKED_FORMS 24576
struct ranked {
    char form[14];
    uint8_t len, kind; /* len 0: it is longer, or no word */
};

/* Tokens of several signs, such as "..." and "://". */
#define RUN_MAX 8
#define RUNS_BITS 9
struct runs {
    uint8_t lens[128][128]; /* bit n - 1: one of n bytes begins with these two */
    uint64_t forms[1 << RUNS_BITS];
    bool blanks; /* all of spaces, of ends of lines up to four, and of one with spaces behind it */
};

/* Lists of mode dense: what follows one, two, three codes. */
#define GRAMS_ORDERS 3
#define GRAMS_CODES 65536
#define GRAMS_LIST_MAX 4224
#define GRAMS_SUM_BLOCK 16
#define GRAMS_SIZE_BLOCK 32

struct dense {
    const uint8_t *extras;  /* u32 × extras_count, ascending: ids that have codes */
    const uint8_t *symbols; /* u16 × CONTEXTS × SYMBOLS; NULL: the dictionary has no such section */
    const uint8_t *starts;  /* u32 × GRAMS_CODES + 1: where the list of a code begins */
    const uint8_t *shares;  /* u16 × GRAMS_CODES: what it leaves to what is in no list */
    const uint8_t *sums;    /* u32: sum of values before each block of entries */
    const uint8_t
        *blocks[GRAMS_ORDERS - 1]; /* u32: where the list of a block's first entry begins */
    const uint8_t *sizes[GRAMS_ORDERS - 1];  /* u8 × entries: how long an entry's list is */
    const uint8_t *codes;                    /* u16 × entries of the first lists */
    const uint8_t *places[GRAMS_ORDERS - 1]; /* u16 × entries of the others: where in the first */
    const uint8_t *counts[GRAMS_ORDERS];     /* u8 × entries */
    uint32_t entries[GRAMS_ORDERS], extras_count;
};

struct cutter;
typedef void genom__cut(struct cutter *c);

struct genom_dict {
    const uint8_t *file;
    size_t size;
    const uint8_t *strs, *offs, *hash, *kind, *posn, *ring, *sect, *info;
    size_t strs_len;
    uint32_t count, hash_mask;
    unsigned langs_count, arcs_count;
    struct lang langs[LANGS_MAX];
    struct {
        char name[21];
        uint32_t quadrant, first, count;
    } arcs[ARCS_MAX];
    const uint8_t *vec_ids; /* u32 × rows, ascending */
    const int8_t *vecs;
    uint32_t vec_rows, vec_dims;
    uint32_t byte_ids[256];
    struct runs runs;
    _Alignas(64) struct hot hot[1 << HOT_BITS];
    _Alignas(64) struct ranked ranked[RANKED_FORMS];
    genom__cut *cut;
    uint16_t spell[256][257]; /* borders */
    uint16_t spell_len[SPELL_MAX + 1];
    struct lang_model models[LANGS_MAX];
    struct dense dense;
    void *room; /* that it lies in, if genom__dict_new() made it */
    bool mapped;
    bool partial; /* without the lists of mode dense, as browsers fetch it: that section is zeros */
};

static inline uint32_t load16(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8;
}

static inline uint32_t load32(const uint8_t *p)
{
    return load16(p) | load16(p + 2) << 16;
}

static inline void store16(uint8_t *p, uint32_t value)
{
    p[0] = (uint8_t)value;
    p[1] = (uint8_t)(value >> 8);
}

static inline void store32(uint8_t *p, uint32_t value)
{
    store16(p, value);
    store16(p + 2, value >> 16);
}

static inline uint64_t load64(const uint8_t *p)
{
    return load32(p) | (uint64_t)load32(p + 4) << 32;
}

#define DICT_HEADER 64
#define DICT_ENTRY 24

struct section {
    const uint8_t *ptr;
    size_t len;
};
/* Checks header and section table; *ret_len is their length. What the header says of the file's
 * size is the caller's to compare. */
int genom__dict_head(const uint8_t *file, size_t len, size_t *ret_len);
/* NULL: no such section, or not inside of the file. The head must have been checked. */
struct section genom__dict_section(const uint8_t *file, size_t size, const char *tag);

/* A dictionary to be filled, of zeros; NULL: no memory. Its tables begin where a line of the cache
 * does, so no entry lies in two. */
struct genom_dict *genom__dict_new(void);
/* Not what it was filled from. NULL is allowed. */
void genom__dict_free(struct genom_dict *dict);
/* Fills a dictionary over mapped or static bytes, which stay the caller's. */
int genom__dict_init(struct genom_dict *dict, const void *bytes, size_t len);

static inline uint64_t genom__mix(uint64_t x, uint64_t y)
{
    unsigned __int128 product = (unsigned __int128)x * y;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* A mask of the first n of 16 bytes, in the order of memory. */
extern const uint64_t genom__first_bytes[17][2];

/* A form of 1 … 16 bytes, zeros behind it: its hash, whether it is a token's, its id. One of the
 * last 16 bytes of all forms is not found this way. */
static inline uint64_t genom__hash_short(const uint64_t form[2], size_t len)
{
    uint64_t a = load64((const uint8_t *)&form[0]), b = load64((const uint8_t *)&form[1]);
    return genom__mix(a ^ 0xa0761d6478bd642f ^ len, b ^ 0xe7037ed1a0b428db);
}

static inline bool genom__form_is(const struct genom_dict *dict, uint32_t id,
                                  const uint64_t form[2], size_t len)
{
    uint64_t found[2];
    if (id >= dict->count)
        return false;
    uint32_t from = load32(dict->offs + 4 * (size_t)id);
    if (load32(dict->offs + 4 * (size_t)id + 4) - from != len || from > dict->strs_len - 16)
        return false;
    memcpy(found, dict->strs + from, sizeof found);
    return (((found[0] & genom__first_bytes[len][0]) ^ form[0]) |
            ((found[1] & genom__first_bytes[len][1]) ^ form[1])) == 0;
}

uint32_t genom__lookup_short(const struct genom_dict *dict, uint64_t hash, const uint64_t form[2],
                             size_t len);

/* hot.c: fills hot, ranked and runs of a dictionary that can be read. */
void genom__hot_find(struct genom_dict *dict);

/* Where the frequent form with these bytes would be. */
static inline size_t genom__hot_at(uint64_t a, uint64_t b)
{
    return (size_t)((a ^ (b << 23 | b >> 41)) * HOT_MIX >> (64 - HOT_BITS));
}

static inline unsigned genom__runs_at(uint64_t form)
{
    return (unsigned)(form * HOT_MIX >> (64 - RUNS_BITS));
}

static inline bool genom__runs_has(const struct runs *runs, uint64_t form)
{
    unsigned at = genom__runs_at(form);
    while (runs->forms[at] && runs->forms[at] != form)
        at = (at + 1) % (1 << RUNS_BITS);
    return runs->forms[at] == form;
}

/* The forms of tokens and their kinds, as they lie in a file. */
struct forms {
    const uint8_t *strs, *offs, *kind;
    size_t strs_len;
    uint32_t count;
};

/* The form of any number: an empty one for what is no id or lies outside of the strings. */
static inline struct genom_str genom__forms_at(const struct forms *f, uint32_t id)
{
    if (id >= f->count)
        return (struct genom_str){"", 0};
    uint32_t from = load32(f->offs + 4 * (size_t)id), to = load32(f->offs + 4 * (size_t)id + 4);
    if (from > to || to > f->strs_len)
        return (struct genom_str){"", 0};
    return (struct genom_str){(const char *)f->strs + from, to - from};
}

uint64_t genom__hash(const char *form, size_t len);
/* Rank of a token in a language, or RANKS_MAX. */
uint32_t genom__rank(const struct lang *lang, uint32_t id);

static inline struct forms genom__forms(const struct genom_dict *d)
{
    return (struct forms){d->strs, d->offs, d->kind, d->strs_len, d->count};
}

static inline struct genom_str genom__form(const struct genom_dict *dict, uint32_t id)
{
    struct forms forms = genom__forms(dict);
    return genom__forms_at(&forms, id);
}

static inline unsigned genom__class(const struct genom_dict *dict, uint32_t id)
{
    return dict->kind[id] & KIND_CLASS;
}

/* --- Packed dictionaries -------------------------------------------------------------------- */

#define PACK_MAGIC "GENOMPAK"
#define PACK_VERSION 1
#define PACK_HEADER 16
/* What a pack does not hold as it is; NULL ends it. */
extern const char *const genom__pack_derived[];
/* How the ring goes on in an arc behind the ids that are named. */
enum { ORDER_ID, ORDER_SPELLING };
/* Is token a to stand before b in the order of spelling? */
bool genom__spelled_before(const struct forms *forms, uint32_t a, uint32_t b);

uint32_t genom__crc32c(uint32_t crc, const void *bytes, size_t len);

/* --- Letters -------------------------------------------------------------------------------- */

/* The code point at text[0 …] and its length; length 0: no UTF-8. */
size_t genom__utf8(const char *text, size_t len, uint32_t *ret_code);
size_t genom__utf8_put(uint32_t code, char ret[4]);
uint32_t genom__upper(uint32_t code);
uint32_t genom__lower(uint32_t code);
enum { LETTER_NO, LETTER_YES, LETTER_IDEO };
unsigned genom__letter(uint32_t code);
/* Does casing show on this form? */
bool genom__cased_beyond(struct genom_str form);
static inline bool genom__cased(struct genom_str form)
{
    if (form.len > 0 && (uint8_t)form.ptr[0] < 0x80)
        return form.ptr[0] >= 'a' && form.ptr[0] <= 'z';
    return genom__cased_beyond(form);
}
/* Writes the form in that casing; GENOM_ESPACE when it does not fit: *ret_len says what would, and
 * what of it fits may be written. */
int genom__put_cased(struct genom_str form, unsigned casing, char *out, size_t cap,
                     size_t *ret_len);

/* --- Codec ---------------------------------------------------------------------------------- */

/* What has stood before, for the contexts of mode fast. */
struct before {
    uint8_t cls, casing;
    bool sentence; /* a new one begins */
};

void genom__before(struct before *b, unsigned cls, unsigned casing, struct genom_str form);
unsigned genom__symbol_context(const struct before *b);
unsigned genom__case_context(const struct before *b, unsigned kind);

/* What a text in either mode begins with, by language: the first has more room. */
#define HEAD_FIRST 8192
#define HEAD_OTHER 512
#define HEAD_DENSE 15872 /* where mode dense begins */

/* 0, GENOM_ESPACE (not shorter than cap), or GENOM_EDATA. */
int genom__text_encode(const struct genom_dict *dict, enum genom_mode mode, const char *in,
                       size_t len, uint8_t *out, size_t cap, size_t *ret_len);
/* The same in mode fast, of all the pieces of a text. */
int genom__pieces_encode(const struct genom_dict *dict, const char *in,
                         const struct genom_piece *pieces, size_t count, uint8_t *out, size_t cap,
                         size_t *ret_len);
int genom__pieces_decode(const struct genom_dict *dict, const uint8_t *in, size_t len, char *out,
                         size_t cap, size_t *ret_len);

/* ⌊128 · 2^(i/4)⌋: bucket i of ranks is [i, i + 1), bucket i of ids [i + 4, i + 5). */
#define RANK_BUCKETS 36
#define ID_BUCKETS 48
#define LISTED 128
extern const uint32_t genom__bounds[ID_BUCKETS + 5];

enum symbol {
    SYM_END = 0,
    SYM_SPELL = 1,
    SYM_NUM = 2, /* + digits - 1 */
    SYM_YEAR = 6,
    SYM_ASCII = 32,   /* + byte */
    SYM_LISTED = 160, /* + rank */
    SYM_RANK = 288,   /* + bucket */
    SYM_ID0 = 324,
    SYM_ID = 325, /* + bucket */
};

/* What a piece is: its symbol, and which rank or id of a bucket, or which number. */
struct coded {
    uint32_t symbol, value;
};

/* i where bounds[i] <= value < bounds[i + 1]; value ≥ 128. Four an octave: close to it at once. */
static inline unsigned genom__bucket(uint32_t value)
{
    unsigned i = (unsigned)(31 - __builtin_clz(value) - 7) * 4;
    while (genom__bounds[i + 1] <= value)
        i++;
    return i;
}

/* The first rank or id of a bucket's symbol (≥ SYM_RANK). */
static inline uint32_t genom__bucket_first(unsigned symbol)
{
    if (symbol == SYM_ID0)
        return 0;
    return genom__bounds[symbol > SYM_ID0 ? symbol - SYM_ID + 4 : symbol - SYM_RANK];
}

/* How many ranks or ids it holds. */
static inline uint32_t genom__bucket_size(unsigned symbol)
{
    if (symbol == SYM_ID0)
        return 256;
    return genom__bounds[symbol > SYM_ID0 ? symbol - SYM_ID + 5 : symbol - SYM_RANK + 1] -
           genom__bucket_first(symbol);
}

#endif
