/*
 * unpack.c: a packed dictionary becomes the file again (docs/genom.md, "Packed").
 *
 * Everything is read through a cursor that never passes the end, and written into sections that lie
 * inside of the file. POSN, the last to be made, is the scratch of what is made before it.
 */
#include "genom/inside.h"

/* DENS is left out: nothing of it follows from the rest, and a browser does without mode dense. */
const char *const genom__pack_derived[] = {"OFFS", "HASH", "POSN", "RING",
                                           "LANG", "VECS", "DENS", NULL};

struct unpacker {
    const uint8_t *in;
    size_t left;
    uint8_t *file;
    size_t size;
    struct forms forms;
    const uint8_t *sect;
    uint8_t *offs, *hash, *posn, *ring, *lang;
    size_t hash_slots, lang_len;
};

/* NULL: the pack ends before. */
static const uint8_t *take(struct unpacker *u, size_t len)
{
    const uint8_t *p = u->in;
    if (len > u->left)
        return NULL;
    u->in += len;
    u->left -= len;
    return p;
}

/* A section that is about to be written; NULL: not there or of another length. */
static uint8_t *place(const struct unpacker *u, const char *tag, size_t len)
{
    struct section s = genom__dict_section(u->file, u->size, tag);
    return s.ptr && s.len == len ? u->file + (s.ptr - u->file) : NULL;
}

static bool is_derived(const uint8_t *tag)
{
    for (unsigned i = 0; genom__pack_derived[i]; i++)
        if (!memcmp(tag, genom__pack_derived[i], 4))
            return true;
    return false;
}

static int copy_sections(struct unpacker *u)
{
    uint32_t count = load32(u->file + 12);
    uint64_t end = DICT_HEADER + (uint64_t)count * DICT_ENTRY;
    for (uint32_t i = 0; i < count; i++) {
        const uint8_t *entry = u->file + DICT_HEADER + (size_t)i * DICT_ENTRY, *from;
        uint64_t at = load64(entry + 8), len = load64(entry + 16);
        /* None over another: what was checked of one may not be changed by the next. */
        if (at < end || at > u->size || len > u->size - at)
            return GENOM_EDICT;
        end = at + len;
        if (is_derived(entry))
            continue;
        from = take(u, (size_t)len);
        if (!from)
            return GENOM_EDICT;
        memcpy(u->file + at, from, (size_t)len);
    }
    return 0;
}

static int find_places(struct unpacker *u)
{
    struct forms *t = &u->forms;
    size_t n = t->count = load32(u->file + 24);
    struct section strs = genom__dict_section(u->file, u->size, "STRS"),
                   hash = genom__dict_section(u->file, u->size, "HASH"),
                   lang = genom__dict_section(u->file, u->size, "LANG");
    t->strs = strs.ptr;
    t->strs_len = strs.len;
    t->offs = u->offs = place(u, "OFFS", (n + 1) * 4);
    t->kind = place(u, "KIND", n);
    u->sect = place(u, "SECT", n);
    u->posn = place(u, "POSN", n * 4);
    u->ring = place(u, "RING", n * 4);
    u->hash = place(u, "HASH", hash.len);
    u->hash_slots = hash.len / 4;
    u->lang = place(u, "LANG", lang.len);
    u->lang_len = lang.len;
    /* A table without an empty slot would be searched for ever. */
    return t->strs && u->offs && t->kind && u->sect && u->posn && u->ring && u->hash && u->lang &&
                   u->hash_slots > n && !(u->hash_slots & (u->hash_slots - 1))
               ? 0
               : GENOM_EDICT;
}

static int make_offsets(struct unpacker *u, const uint8_t *lengths)
{
    size_t at = 0, n = u->forms.count;
    for (size_t id = 0; id < n; id++) {
        store32(u->offs + 4 * id, (uint32_t)at);
        at += lengths[id];
    }
    store32(u->offs + 4 * n, (uint32_t)at);
    return at == u->forms.strs_len ? 0 : GENOM_EDICT;
}

static void make_hash(struct unpacker *u)
{
    memset(u->hash, 0xff, u->hash_slots * 4);
    for (uint32_t id = 0; id < u->forms.count; id++) {
        struct genom_str form = genom__forms_at(&u->forms, id);
        if (form.len == 0)
            continue;
        uint64_t h = genom__hash(form.ptr, form.len);
        size_t at = (size_t)h & (u->hash_slots - 1);
        while (load32(u->hash + 4 * at) != UINT32_MAX)
            at = (at + 1) & (u->hash_slots - 1);
        store32(u->hash + 4 * at, (uint32_t)(h >> 52) << 20 | id);
    }
}

/* --- The ring ------------------------------------------------------------------------------- */

struct arc {
    uint32_t first, count, order, named;
};

bool genom__spelled_before(const struct forms *t, uint32_t a, uint32_t b)
{
    unsigned class_a = t->kind[a] & KIND_CLASS, class_b = t->kind[b] & KIND_CLASS;
    struct genom_str x = genom__forms_at(t, a), y = genom__forms_at(t, b);
    if (class_a != class_b)
        return class_a < class_b;
    if (class_a == GENOM_NUMBER && x.len != y.len)
        return x.len < y.len;
    int order = memcmp(x.ptr, y.ptr, x.len < y.len ? x.len : y.len);
    return order ? order < 0 : x.len < y.len;
}

/* Merges runs that grow by the double; `spare` has room for as many. */
static void sort_by_spelling(const struct forms *t, uint8_t *ids, uint8_t *spare, size_t count)
{
    for (size_t run = 1; run < count; run *= 2) {
        for (size_t from = 0; from < count; from += 2 * run) {
            size_t middle = from + run < count ? from + run : count;
            size_t end = middle + run < count ? middle + run : count;
            size_t left = from, right = middle;
            for (size_t to = from; to < end; to++) {
                bool second = left == middle ||
                              (right < end && genom__spelled_before(t, load32(ids + 4 * right),
                                                                    load32(ids + 4 * left)));
                size_t next = second ? right++ : left++;
                memcpy(spare + 4 * to, ids + 4 * next, 4);
            }
        }
        memcpy(ids, spare, count * 4);
    }
}

static uint32_t number_at(const uint8_t *planes, size_t plane, size_t at)
{
    return planes[at] | (uint32_t)planes[plane + at] << 8 | (uint32_t)planes[2 * plane + at] << 16;
}

/* The named ones first, by their number among the arc's ids; then the others in order of id. */
static int put_named_first(struct unpacker *u, const struct arc *arc, const uint8_t *planes,
                           size_t plane, size_t from)
{
    uint8_t *ids = u->ring + 4 * (size_t)arc->first, *all = u->posn;
    size_t to = 0;
    memcpy(all, ids, 4 * (size_t)arc->count);
    for (size_t i = from; i < from + arc->named; i++) {
        size_t number = number_at(planes, plane, i);
        if (number >= arc->count || load32(all + 4 * number) == GENOM_NONE)
            return GENOM_EDICT;
        memcpy(ids + 4 * to++, all + 4 * number, 4);
        store32(all + 4 * number, GENOM_NONE);
    }
    for (size_t i = 0; i < arc->count; i++)
        if (load32(all + 4 * i) != GENOM_NONE)
            memcpy(ids + 4 * to++, all + 4 * i, 4);
    return 0;
}

static int read_arcs(struct unpacker *u, struct arc arcs[static ARCS_MAX], unsigned *ret_count,
                     size_t *ret_named)
{
    struct section s = genom__dict_section(u->file, u->size, "ARCS");
    unsigned count = (unsigned)(s.len / 32);
    const uint8_t *orders = s.len % 32 || s.len / 32 > ARCS_MAX ? NULL : take(u, count * 8);
    uint32_t at = 0;
    if (!orders)
        return GENOM_EDICT;
    *ret_named = 0;
    for (unsigned i = 0; i < count; i++) {
        struct arc *arc = &arcs[i];
        *arc = (struct arc){load32(s.ptr + i * 32 + 24), load32(s.ptr + i * 32 + 28),
                            load32(orders + 8 * i), load32(orders + 8 * i + 4)};
        /* One behind the other: every place of the ring is one token's. */
        if (arc->first != at || arc->count > u->forms.count - at || arc->named > arc->count ||
            arc->order > ORDER_SPELLING || (arc->order == ORDER_SPELLING && arc->named))
            return GENOM_EDICT;
        at += arc->count;
        *ret_named += arc->named;
    }
    *ret_count = count;
    return at == u->forms.count ? 0 : GENOM_EDICT;
}

static int make_ring(struct unpacker *u)
{
    struct arc arcs[ARCS_MAX];
    uint32_t filled[ARCS_MAX] = {0};
    unsigned count;
    size_t plane, from = 0;
    int err = read_arcs(u, arcs, &count, &plane);
    const uint8_t *planes = err ? NULL : take(u, 3 * plane);
    if (!planes)
        return GENOM_EDICT;
    for (uint32_t id = 0; id < u->forms.count; id++) {
        unsigned sector = u->sect[id];
        if (sector >= count || filled[sector] == arcs[sector].count)
            return GENOM_EDICT;
        store32(u->ring + 4 * ((size_t)arcs[sector].first + filled[sector]++), id);
    }
    for (unsigned i = 0; i < count && !err; i++) {
        if (arcs[i].order == ORDER_SPELLING)
            sort_by_spelling(&u->forms, u->ring + 4 * (size_t)arcs[i].first, u->posn,
                             arcs[i].count);
        else
            err = put_named_first(u, &arcs[i], planes, plane, from);
        from += arcs[i].named;
    }
    for (size_t at = 0; at < u->forms.count && !err; at++)
        store32(u->posn + 4 * (size_t)load32(u->ring + 4 * at), (uint32_t)at);
    return err;
}

/* --- Languages and vectors -------------------------------------------------------------------- */

/* From one id to the next. */
static uint32_t step_at(const uint8_t *planes, size_t plane, size_t at)
{
    uint32_t step = number_at(planes, plane, at);
    return step >> 1 ^ -(step & 1);
}

static int make_vectors(struct unpacker *u)
{
    const uint8_t *head = take(u, 8), *planes, *rows;
    uint64_t count = head ? load32(head) : 0, dims = head ? load32(head + 4) : 0;
    uint32_t id = 0;
    if (!head || count > u->forms.count || dims > VEC_DIMS_MAX)
        return GENOM_EDICT;
    uint8_t *to = place(u, "VECS", (size_t)(8 + count * (4 + dims)));
    planes = take(u, (size_t)(3 * count));
    rows = planes ? take(u, (size_t)(count * dims)) : NULL;
    if (!to || !rows)
        return GENOM_EDICT;
    memcpy(to, head, 8);
    for (size_t at = 0; at < count; at++) {
        id += step_at(planes, (size_t)count, at);
        store32(to + 8 + 4 * at, id);
    }
    memcpy(to + 8 + 4 * count, rows, (size_t)(count * dims));
    return 0;
}

static void make_ranks(uint8_t *slots, const uint8_t *ids, uint32_t ranks, unsigned bits)
{
    uint32_t mask = (1u << bits) - 1;
    memset(slots, 0xff, (size_t)2 << bits);
    for (uint32_t rank = 0; rank < ranks; rank++) {
        uint32_t at = (load32(ids + 4 * (size_t)rank) * 0x9e3779b1u) >> (32 - bits);
        while (load16(slots + 2 * (size_t)at) != 0xffff)
            at = (at + 1) & mask;
        store16(slots + 2 * (size_t)at, rank);
    }
}

static int make_langs(struct unpacker *u)
{
    const uint8_t *first = take(u, 4), *heads, *planes;
    uint32_t count = first ? load32(first) : 0;
    size_t plane = 0, from = 0, at = 4 + (size_t)count * 16;
    heads = count > LANGS_MAX ? NULL : take(u, (size_t)count * 16);
    if (!first || !heads || at > u->lang_len)
        return GENOM_EDICT;
    for (uint32_t i = 0; i < count; i++)
        plane += load32(heads + 16 * i + 8) & 0xffff;
    planes = take(u, 3 * plane);
    if (!planes)
        return GENOM_EDICT;
    store32(u->lang, count);
    memcpy(u->lang + 4, heads, (size_t)count * 16);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t ranks = load32(heads + 16 * i + 8), bits = load32(heads + 16 * i + 12), id = 0;
        bits = bits ? bits : RANK_BITS;
        if (ranks > RANKS_MAX || bits > RANK_BITS || ranks >= 1u << bits ||
            (size_t)ranks * 4 + ((size_t)2 << bits) > u->lang_len - at)
            return GENOM_EDICT;
        for (uint32_t rank = 0; rank < ranks; rank++, from++) {
            id += step_at(planes, plane, from);
            store32(u->lang + at + 4 * (size_t)rank, id);
        }
        make_ranks(u->lang + at + 4 * (size_t)ranks, u->lang + at, ranks, bits);
        at += (size_t)ranks * 4 + ((size_t)2 << bits);
    }
    return at == u->lang_len ? 0 : GENOM_EDICT;
}

int genom_unpack(const void *pack, size_t len, void *out, size_t cap, size_t *ret_len)
{
    struct unpacker u = {.in = pack, .left = len, .file = out};
    const uint8_t *head = take(&u, PACK_HEADER), *lengths;
    size_t head_len;
    int err;
    if (!head || memcmp(head, PACK_MAGIC, 8))
        return GENOM_EDICT;
    if (load32(head + 8) != PACK_VERSION)
        return GENOM_EVERSION;
    if ((err = genom__dict_head(u.in, u.left, &head_len)))
        return err;
    /* The name too: the sum that it is cannot be checked where a section is left out. */
    if (load32(head + 12) != genom__crc32c(0, u.in, head_len))
        return GENOM_EDICT;
    if (load64(u.in + 16) > cap) {
        *ret_len = (size_t)load64(u.in + 16);
        return GENOM_ESPACE;
    }
    u.size = (size_t)load64(u.in + 16);
    if (u.size < head_len)
        return GENOM_EDICT;
    memset(out, 0, u.size);
    memcpy(out, take(&u, head_len), head_len);
    lengths = take(&u, load32(u.file + 24));
    if (!lengths || (err = copy_sections(&u)) || (err = find_places(&u)) ||
        (err = make_offsets(&u, lengths)))
        return GENOM_EDICT;
    make_hash(&u);
    if ((err = make_ring(&u)) || (err = make_langs(&u)) || (err = make_vectors(&u)) || u.left > 0)
        return GENOM_EDICT;
    *ret_len = u.size;
    return 0;
}
