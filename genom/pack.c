/*
 * pack.c: a dictionary without what follows from the rest (docs/genom.md, "Packed"). What is
 * numbers of three bytes is written in planes, low bytes first, which gzip likes.
 *
 * It is not checked here whether the tables are the ones that unpacking makes: the tool that packs
 * compares.
 */
#include "genom/inside.h"

struct packer {
    const struct genom_dict *dict;
    uint8_t *out;
    size_t cap, len; /* len may pass cap */
};

static void put(struct packer *p, const void *bytes, size_t len)
{
    if (p->len <= p->cap && len <= p->cap - p->len)
        memcpy(p->out + p->len, bytes, len);
    p->len += len;
}

static void put32(struct packer *p, uint32_t value)
{
    uint8_t bytes[4];
    store32(bytes, value);
    put(p, bytes, 4);
}

/* Number `at` of a block of planes that begins at `from`. */
static void put_plane(struct packer *p, size_t from, size_t plane, size_t at, uint32_t value)
{
    for (size_t i = 0; i < 3; i++, value >>= 8)
        if (from + i * plane + at < p->cap)
            p->out[from + i * plane + at] = (uint8_t)value;
}

static int put_lengths(struct packer *p)
{
    for (uint32_t id = 0; id < p->dict->count; id++) {
        size_t len = genom__form(p->dict, id).len;
        uint8_t byte = (uint8_t)len;
        if (len > UINT8_MAX)
            return GENOM_EDICT;
        put(p, &byte, 1);
    }
    return 0;
}

static void put_sections(struct packer *p)
{
    const uint8_t *file = p->dict->file;
    for (uint32_t i = 0; i < load32(file + 12); i++) {
        const char *tag = (const char *)file + DICT_HEADER + (size_t)i * DICT_ENTRY;
        bool derived = false;
        for (unsigned k = 0; genom__pack_derived[k]; k++)
            derived |= !memcmp(tag, genom__pack_derived[k], 4);
        struct section s = genom__dict_section(file, p->dict->size, tag);
        if (!derived)
            put(p, s.ptr, s.len);
    }
}

/* --- The ring ------------------------------------------------------------------------------- */

static bool is_ring(const struct genom_dict *d)
{
    for (uint32_t at = 0; at < d->count; at++)
        if (genom_ring(d, at) == GENOM_NONE)
            return false;
    return true;
}

static uint32_t at_ring(const struct packer *p, unsigned arc, uint32_t place)
{
    return genom_ring(p->dict, p->dict->arcs[arc].first + place);
}

static bool is_spelled(const struct packer *p, unsigned arc)
{
    struct forms forms = genom__forms(p->dict);
    for (uint32_t i = 1; i < p->dict->arcs[arc].count; i++)
        if (!genom__spelled_before(&forms, at_ring(p, arc, i - 1), at_ring(p, arc, i)))
            return false;
    return true;
}

/* How many stand before the last that are in order of id. */
static uint32_t count_named(const struct packer *p, unsigned arc)
{
    uint32_t named = p->dict->arcs[arc].count;
    while (named > 1 && at_ring(p, arc, named - 2) < at_ring(p, arc, named - 1))
        named--;
    return named > 0 ? named - 1 : 0;
}

static int put_ring(struct packer *p)
{
    const struct genom_dict *d = p->dict;
    uint32_t named[ARCS_MAX], first[ARCS_MAX] = {0}, seen[ARCS_MAX] = {0};
    uint32_t plane = 0;
    if (!is_ring(d))
        return GENOM_EDICT;
    for (unsigned arc = 0; arc < d->arcs_count; arc++) {
        bool spelled = is_spelled(p, arc);
        named[arc] = spelled ? 0 : count_named(p, arc);
        first[arc] = plane;
        plane += named[arc];
        put32(p, spelled ? ORDER_SPELLING : ORDER_ID);
        put32(p, named[arc]);
    }
    size_t from = p->len;
    p->len += 3 * (size_t)plane;
    for (uint32_t id = 0; id < d->count; id++) {
        uint32_t arc = d->sect[id];
        uint32_t place = load32(d->posn + 4 * (size_t)id);
        if (arc >= d->arcs_count || place < d->arcs[arc].first)
            return GENOM_EDICT;
        place -= d->arcs[arc].first;
        if (place < named[arc])
            put_plane(p, from, plane, first[arc] + (size_t)place, seen[arc]);
        seen[arc]++;
    }
    return 0;
}

static void put_step(struct packer *p, size_t from, size_t plane, size_t at, uint32_t last,
                     uint32_t id)
{
    uint32_t step = id - last;
    put_plane(p, from, plane, at, id < last ? (~step << 1) + 1 : step << 1);
}

static int put_langs(struct packer *p)
{
    const struct genom_dict *d = p->dict;
    struct section s = genom__dict_section(d->file, d->size, "LANG");
    size_t plane = 0, at = 0;
    put(p, s.ptr, 4 + (size_t)d->langs_count * 16);
    for (unsigned i = 0; i < d->langs_count; i++)
        plane += d->langs[i].ranks;
    size_t from = p->len;
    p->len += 3 * plane;
    for (unsigned i = 0; i < d->langs_count; i++) {
        uint32_t last = 0;
        for (uint32_t rank = 0; rank < d->langs[i].ranks; rank++) {
            uint32_t id = load32(d->langs[i].ids + 4 * (size_t)rank);
            if (id >= d->count)
                return GENOM_EDICT;
            put_step(p, from, plane, at++, last, id);
            last = id;
        }
    }
    return 0;
}

static int put_vectors(struct packer *p)
{
    const struct genom_dict *d = p->dict;
    uint32_t last = 0;
    put32(p, d->vec_rows);
    put32(p, d->vec_dims);
    size_t from = p->len;
    p->len += 3 * (size_t)d->vec_rows;
    for (size_t at = 0; at < d->vec_rows; at++) {
        uint32_t id = load32(d->vec_ids + 4 * at);
        if (id >= d->count)
            return GENOM_EDICT;
        put_step(p, from, d->vec_rows, at, last, id);
        last = id;
    }
    put(p, d->vecs, (size_t)d->vec_rows * d->vec_dims);
    return 0;
}

int genom_pack(const struct genom_dict *dict, void *out, size_t cap, size_t *ret_len)
{
    struct packer p = {.dict = dict, .out = out, .cap = cap};
    int err;
    put(&p, PACK_MAGIC, 8);
    put32(&p, PACK_VERSION);
    size_t head = DICT_HEADER + (size_t)load32(dict->file + 12) * DICT_ENTRY;
    put32(&p, genom__crc32c(0, dict->file, head));
    put(&p, dict->file, head);
    err = put_lengths(&p);
    put_sections(&p);
    if (err || (err = put_ring(&p)) || (err = put_langs(&p)) || (err = put_vectors(&p)))
        return err;
    *ret_len = p.len;
    return p.len > cap ? GENOM_ESPACE : 0;
}
