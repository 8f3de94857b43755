/*
 * dict.c: a dictionary over mapped bytes (docs/genom.md): what must be
 * true of it is checked once; what only the checksums would tell is
 * checked where it is used, so that no reader leaves the file.
 */
#include "genom/cut.h"

#define MAGIC "GENOMDIC"
#define VERSION 1
#define SECTIONS_MAX 64

const char *genom_error_text(int error)
{
    switch (error) {
    case GENOM_OK:
        return "no error";
    case GENOM_ESPACE:
        return "the output does not fit";
    case GENOM_EDATA:
        return "the data is damaged or cut off";
    case GENOM_EDICT:
        return "the dictionary is missing or damaged";
    case GENOM_EVERSION:
        return "the version is not known";
    case GENOM_ESYSTEM:
        return "the system refused";
    case GENOM_EMORE:
        return "the input ends within a block";
    default:
        return "unknown error";
    }
}

/* --- Opening -------------------------------------------------------------------------------- */

int genom__dict_head(const uint8_t *file, size_t len, size_t *ret_len)
{
    uint8_t head[DICT_HEADER];
    uint32_t count;
    if (len < DICT_HEADER || memcmp(file, MAGIC, 8))
        return GENOM_EDICT;
    if (load32(file + 8) != VERSION)
        return GENOM_EVERSION;
    count = load32(file + 12);
    if (count > SECTIONS_MAX || len < DICT_HEADER + (size_t)count * DICT_ENTRY ||
        load32(file + 24) < 1 || load32(file + 24) > TOKENS_MAX)
        return GENOM_EDICT;
    memcpy(head, file, DICT_HEADER);
    memset(head + 28, 0, 36); /* its own place and the SHA-256 */
    *ret_len = DICT_HEADER + (size_t)count * DICT_ENTRY;
    uint32_t crc = genom__crc32c(0, head, DICT_HEADER);
    crc = genom__crc32c(crc, file + DICT_HEADER, (size_t)count * DICT_ENTRY);
    return crc == load32(file + 28) ? 0 : GENOM_EDICT;
}

/* NULL: no such section, or (with a length of 1) not inside of the file. */
struct section genom__dict_section(const uint8_t *file, size_t size, const char *tag)
{
    uint32_t count = load32(file + 12);
    for (uint32_t i = 0; i < count; i++) {
        const uint8_t *entry = file + DICT_HEADER + (size_t)i * DICT_ENTRY;
        uint64_t at = load64(entry + 8), len = load64(entry + 16);
        if (!memcmp(entry, tag, 4))
            return at <= size && len <= size - at ? (struct section){file + at, (size_t)len}
                                                  : (struct section){NULL, 1};
    }
    return (struct section){0};
}

static struct section find(const struct genom_dict *d, const char *tag)
{
    return genom__dict_section(d->file, d->size, tag);
}

static const uint8_t *exactly(const struct genom_dict *d, const char *tag, size_t len)
{
    struct section s = find(d, tag);
    return s.len == len ? s.ptr : NULL;
}

static int take_tokens(struct genom_dict *d)
{
    size_t n = d->count = load32(d->file + 24);
    struct section strs = find(d, "STRS"), hash = find(d, "HASH");
    d->strs = strs.ptr;
    d->strs_len = strs.len;
    if (strs.len < 16) /* looking up reads so many at once */
        return GENOM_EDICT;
    d->offs = exactly(d, "OFFS", (n + 1) * 4);
    if (hash.len < 4 || hash.len > (size_t)4 << HASH_BITS_MAX || hash.len & (hash.len - 1))
        return GENOM_EDICT;
    d->hash = hash.ptr;
    d->hash_mask = (uint32_t)(hash.len / 4 - 1);
    d->kind = exactly(d, "KIND", n);
    d->posn = exactly(d, "POSN", n * 4);
    d->ring = exactly(d, "RING", n * 4);
    d->sect = exactly(d, "SECT", n);
    d->info = exactly(d, "INFO", n * 2);
    return d->strs && d->offs && d->kind && d->posn && d->ring && d->sect && d->info ? 0
                                                                                     : GENOM_EDICT;
}

static int take_arcs(struct genom_dict *d)
{
    struct section s = find(d, "ARCS");
    if (s.len == 0 || s.len % 32 || s.len / 32 > ARCS_MAX)
        return GENOM_EDICT;
    d->arcs_count = (unsigned)(s.len / 32);
    for (unsigned i = 0; i < d->arcs_count; i++) {
        memcpy(d->arcs[i].name, s.ptr + i * 32, 20);
        d->arcs[i].quadrant = load32(s.ptr + i * 32 + 20);
        d->arcs[i].first = load32(s.ptr + i * 32 + 24);
        d->arcs[i].count = load32(s.ptr + i * 32 + 28);
        if (d->arcs[i].quadrant < 1 || d->arcs[i].quadrant > 4 || d->arcs[i].first > d->count ||
            d->arcs[i].count > d->count - d->arcs[i].first)
            return GENOM_EDICT;
    }
    return 0;
}

static int take_vectors(struct genom_dict *d)
{
    struct section s = find(d, "VECS");
    if (s.len < 8)
        return GENOM_EDICT;
    d->vec_rows = load32(s.ptr);
    d->vec_dims = load32(s.ptr + 4);
    if (d->vec_dims < 1 || d->vec_dims > VEC_DIMS_MAX || d->vec_rows > d->count ||
        s.len != 8 + (size_t)d->vec_rows * (4 + d->vec_dims))
        return GENOM_EDICT;
    d->vec_ids = s.ptr + 8;
    d->vecs = (const int8_t *)(d->vec_ids + 4 * (size_t)d->vec_rows);
    return 0;
}

static int take_langs(struct genom_dict *d)
{
    struct section s = find(d, "LANG");
    if (s.len < 4 || load32(s.ptr) < 1 || load32(s.ptr) > LANGS_MAX)
        return GENOM_EDICT;
    d->langs_count = load32(s.ptr);
    size_t at = 4 + (size_t)d->langs_count * 16;
    for (unsigned i = 0; i < d->langs_count && at <= s.len; i++) {
        const uint8_t *entry = s.ptr + 4 + i * 16;
        struct lang *lang = &d->langs[i];
        memcpy(lang->code, entry, 8);
        lang->ranks = load32(entry + 8);
        if (lang->ranks > RANKS_MAX)
            return GENOM_EDICT;
        lang->bits = load32(entry + 12) ? load32(entry + 12) : RANK_BITS;
        if (lang->bits > RANK_BITS)
            return GENOM_EDICT;
        lang->ids = s.ptr + at;
        lang->slots = lang->ids + (size_t)lang->ranks * 4;
        at += (size_t)lang->ranks * 4 + ((size_t)2 << lang->bits);
    }
    return at == s.len ? 0 : GENOM_EDICT;
}

/* Frequencies that sum to FREQ_TOTAL become borders. */
static int borders(const uint8_t *freqs, unsigned count, uint16_t *ret)
{
    uint32_t sum = 0;
    for (unsigned i = 0; i < count; i++) {
        ret[i] = (uint16_t)sum;
        sum += load16(freqs + 2 * i);
        if (sum > FREQ_TOTAL)
            return GENOM_EDICT;
    }
    ret[count] = (uint16_t)sum;
    return sum == FREQ_TOTAL ? 0 : GENOM_EDICT;
}

/* For each value of a border's top bits, the first symbol that may hold it. */
static void index_symbols(struct symbol_model *m)
{
    unsigned symbol = 0;
    for (unsigned top = 0; top < 1u << START_BITS; top++) {
        while (m->border[symbol + 1] <= top << (FREQ_BITS - START_BITS))
            symbol++;
        m->start[top] = (uint16_t)symbol;
    }
}

static int take_model(struct lang_model *m, const uint8_t *p)
{
    for (unsigned c = 0; c < CONTEXTS; c++, p += 2 * SYMBOLS) {
        if (borders(p, SYMBOLS, m->symbols[c].border) ||
            m->symbols[c].border[SYM_ID + ID_BUCKETS] != FREQ_TOTAL)
            return GENOM_EDICT; /* a symbol behind the last one has no meaning */
        index_symbols(&m->symbols[c]);
    }
    for (unsigned i = 0; i < 256; i++, p += 2) {
        m->space[i / 16][i % 16] = load16(p);
        if (load16(p) < 1 || load16(p) >= FREQ_TOTAL)
            return GENOM_EDICT;
    }
    for (unsigned c = 0; c < CASES; c++, p += 6) {
        uint16_t four[4];
        if (borders(p, 3, four))
            return GENOM_EDICT;
        memcpy(m->casing[c], four + 1, 6);
    }
    return 0;
}

#define MODEL_BYTES (2 * (CONTEXTS * SYMBOLS + 256 + CASES * 3))

static int take_fast(struct genom_dict *d)
{
    size_t common = 2 * (256 * 256 + SPELL_MAX);
    const uint8_t *p = exactly(d, "FAST", common + (size_t)d->langs_count * MODEL_BYTES);
    if (!p)
        return GENOM_EDICT;
    for (unsigned i = 0; i < 256; i++)
        if (borders(p + i * 512, 256, d->spell[i]))
            return GENOM_EDICT;
    if (borders(p + 131072, SPELL_MAX, d->spell_len))
        return GENOM_EDICT;
    for (unsigned i = 0; i < d->langs_count; i++)
        if (take_model(&d->models[i], p + common + i * (size_t)MODEL_BYTES))
            return GENOM_EDICT;
    return 0;
}

/* The next `count` values of `size` bytes each. */
static const uint8_t *next(const uint8_t **at, size_t count, size_t size)
{
    const uint8_t *p = *at;
    *at += count * size;
    return p;
}

/* A dictionary need not have it. */
static int take_dense(struct genom_dict *d)
{
    struct section s = find(d, "DENS");
    struct dense *m = &d->dense;
    uint16_t sums_to_whole[SYMBOLS + 1];
    const uint8_t *p;
    size_t need = 16 + CONTEXTS * SYMBOLS * 2 + (GRAMS_CODES + 1) * 4 + GRAMS_CODES * 2;
    if (s.len == 0)
        return 0;
    if (s.len < need)
        return GENOM_EDICT;
    m->extras_count = load32(s.ptr);
    for (unsigned i = 0; i < GRAMS_ORDERS; i++)
        m->entries[i] = load32(s.ptr + 4 + 4 * i);
    if (m->extras_count == 0 && m->entries[0] == 0) {
        d->partial = true;
        return 0;
    }
    size_t sums = (size_t)m->entries[0] / GRAMS_SUM_BLOCK + 1;
    size_t blocks[] = {((size_t)m->entries[0] + GRAMS_SIZE_BLOCK - 1) / GRAMS_SIZE_BLOCK,
                       ((size_t)m->entries[1] + GRAMS_SIZE_BLOCK - 1) / GRAMS_SIZE_BLOCK};
    need += ((size_t)m->extras_count + sums + blocks[0] + blocks[1]) * 4;
    need += ((size_t)m->entries[0] + m->entries[1]) * 4 + (size_t)m->entries[2] * 3;
    if (s.len != need)
        return GENOM_EDICT;
    p = s.ptr + 16;
    m->extras = next(&p, m->extras_count, 4);
    m->symbols = next(&p, CONTEXTS * SYMBOLS, 2);
    for (unsigned i = 0; i < CONTEXTS; i++)
        if (borders(m->symbols + i * SYMBOLS * 2, SYMBOLS, sums_to_whole))
            return GENOM_EDICT;
    m->starts = next(&p, GRAMS_CODES + 1, 4);
    m->shares = next(&p, GRAMS_CODES, 2);
    m->sums = next(&p, sums, 4);
    for (unsigned i = 0; i < GRAMS_ORDERS - 1; i++) {
        m->blocks[i] = next(&p, blocks[i], 4);
        m->sizes[i] = next(&p, m->entries[i], 1);
    }
    m->codes = next(&p, m->entries[0], 2);
    for (unsigned i = 0; i < GRAMS_ORDERS - 1; i++)
        m->places[i] = next(&p, m->entries[i + 1], 2);
    for (unsigned i = 0; i < GRAMS_ORDERS; i++)
        m->counts[i] = next(&p, m->entries[i], 1);
    return 0;
}

/* From their own section: 256 lookups all over the file would bring in a third of it. */
static int take_bytes(struct genom_dict *d)
{
    const uint8_t *ids = exactly(d, "BYTE", 256 * 4);
    for (unsigned i = 0; i < 256 && ids; i++) {
        d->byte_ids[i] = load32(ids + 4 * i);
        struct genom_str form = genom__form(d, d->byte_ids[i]);
        if (form.len != 1 || (uint8_t)form.ptr[0] != i)
            return GENOM_EDICT;
    }
    return ids ? 0 : GENOM_EDICT;
}

int genom__dict_init(struct genom_dict *d, const void *bytes, size_t len)
{
    size_t head;
    int err = genom__dict_head(bytes, len, &head);
    if (err)
        return err;
    if (load64((const uint8_t *)bytes + 16) != len)
        return GENOM_EDICT;
    d->file = bytes;
    d->size = len;
    if ((err = take_tokens(d)) || (err = take_arcs(d)) || (err = take_vectors(d)) ||
        (err = take_langs(d)) || (err = take_fast(d)) || (err = take_bytes(d)) ||
        (err = take_dense(d)))
        return err;
    genom__hot_find(d);
    d->cut = genom__cut_best();
    return 0;
}

/* --- Lookup --------------------------------------------------------------------------------- */

uint64_t genom__hash(const char *form, size_t len)
{
    uint64_t h = 0xa0761d6478bd642f ^ len;
    for (size_t at = 0; at < len; at += 16) {
        uint8_t block[16] = {0};
        memcpy(block, form + at, len - at < 16 ? len - at : 16);
        h = genom__mix(load64(block) ^ h, load64(block + 8) ^ 0xe7037ed1a0b428db);
    }
    return h;
}

uint32_t genom_lookup(const struct genom_dict *d, const char *form, size_t len)
{
    if (len == 0)
        return GENOM_NONE;
    uint64_t h = genom__hash(form, len);
    uint32_t tag = (uint32_t)(h >> 52), mask = d->hash_mask;
    for (uint32_t n = 0, at = (uint32_t)h & mask; n <= mask; n++, at = (at + 1) & mask) {
        uint32_t slot = load32(d->hash + 4 * (size_t)at);
        if (slot == UINT32_MAX)
            break;
        if (slot >> 20 != tag)
            continue;
        struct genom_str s = genom__form(d, slot & 0xfffff);
        if (s.len == len && !memcmp(s.ptr, form, len))
            return slot & 0xfffff;
    }
    return GENOM_NONE;
}

uint32_t genom__rank(const struct lang *lang, uint32_t id)
{
    uint32_t mask = (1u << lang->bits) - 1, at = (id * 0x9e3779b1u) >> (32 - lang->bits);
    for (uint32_t n = 0; n <= mask; n++, at = (at + 1) & mask) {
        uint32_t rank = load16(lang->slots + 2 * (size_t)at);
        if (rank >= lang->ranks)
            break;
        if (load32(lang->ids + 4 * (size_t)rank) == id)
            return rank;
    }
    return RANKS_MAX;
}

uint32_t genom_rank(const struct genom_dict *dict, unsigned language, uint32_t id)
{
    uint32_t rank = language < dict->langs_count ? genom__rank(&dict->langs[language], id)
                                                 : RANKS_MAX;
    return rank < RANKS_MAX ? rank : GENOM_NONE;
}

#define FIRST(n)                                                                                   \
    {(n) >= 8 ? UINT64_MAX : (UINT64_C(1) << (n) % 8 * 8) - 1,                                     \
     (n) >= 16 ? UINT64_MAX                                                                        \
     : (n) > 8 ? (UINT64_C(1) << (n) % 8 * 8) - 1                                                  \
               : 0}
const uint64_t genom__first_bytes[17][2] = {
    FIRST(0), FIRST(1),  FIRST(2),  FIRST(3),  FIRST(4),  FIRST(5),  FIRST(6),  FIRST(7),  FIRST(8),
    FIRST(9), FIRST(10), FIRST(11), FIRST(12), FIRST(13), FIRST(14), FIRST(15), FIRST(16),
};

uint32_t genom__lookup_short(const struct genom_dict *d, uint64_t h, const uint64_t form[2],
                             size_t len)
{
    uint32_t tag = (uint32_t)(h >> 52), mask = d->hash_mask;
    for (uint32_t n = 0, at = (uint32_t)h & mask; n <= mask; n++, at = (at + 1) & mask) {
        uint32_t slot = load32(d->hash + 4 * (size_t)at);
        if (slot == UINT32_MAX)
            break;
        if (slot >> 20 == tag && genom__form_is(d, slot & 0xfffff, form, len))
            return slot & 0xfffff;
    }
    return GENOM_NONE;
}

bool genom_token(const struct genom_dict *d, uint32_t id, struct genom_token *ret)
{
    if (id >= d->count)
        return false;
    uint32_t position = load32(d->posn + 4 * (size_t)id);
    unsigned arc = d->sect[id] < d->arcs_count ? d->sect[id] : 0;
    uint32_t phase = (uint32_t)(((uint64_t)(position % d->count) << 32) / d->count);
    *ret = (struct genom_token){
        .id = id,
        .canonical = genom__form(d, id),
        .cls = (enum genom_class)genom__class(d, id),
        .phase = phase,
        .theta = phase * (6.283185307179586 / 4294967296.0),
        .r = 1 + load16(d->info + 2 * (size_t)id) / 1024.0 / 100,
        .sector = d->arcs[arc].name,
        .quadrant = d->arcs[arc].quadrant,
        .inferred = (d->kind[id] & KIND_INFERRED) != 0,
    };
    return true;
}

size_t genom_dict_size(const struct genom_dict *d)
{
    return d->size;
}

uint32_t genom_dict_tokens(const struct genom_dict *d)
{
    return d->count;
}

const char *genom_dict_language(const struct genom_dict *d, unsigned number)
{
    return number < d->langs_count ? d->langs[number].code : NULL;
}
