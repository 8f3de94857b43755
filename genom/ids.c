/*
 * ids.c: a text as a sequence of ids, with controls for what is not a token (docs/genom.md, "Ids"):
 * longer than the coded form, but each id can be looked up.
 */
#include "genom/inside.h"

#define CHUNK 256

struct ids {
    uint32_t *out;
    size_t cap, count;
};

static void put(struct ids *ids, uint32_t id)
{
    if (ids->count < ids->cap)
        ids->out[ids->count] = id;
    ids->count++;
}

static void put_piece(struct ids *ids, const struct genom_dict *dict, const char *text,
                      const struct genom_piece *p)
{
    if (ids->count > 0 && !p->space)
        put(ids, GENOM_ID_JOIN);
    if (p->casing)
        put(ids, p->casing == 1 ? GENOM_ID_TITLE : GENOM_ID_UPPER);
    if (p->id != GENOM_NONE) {
        put(ids, p->id);
        return;
    }
    put(ids, GENOM_ID_SPELL);
    for (uint32_t i = 0; i < p->len; i++)
        put(ids, dict->byte_ids[(uint8_t)text[p->at + i]]);
    put(ids, GENOM_ID_END);
}

size_t genom_ids(const struct genom_dict *dict, const char *text, size_t len, uint32_t *ret_ids,
                 size_t cap)
{
    struct ids ids = {.out = ret_ids, .cap = cap};
    struct genom_piece pieces[CHUNK];
    size_t at = 0, n;
    while ((n = genom_pieces(dict, text, len, &at, pieces, CHUNK)) > 0)
        for (size_t i = 0; i < n; i++)
            put_piece(&ids, dict, text, &pieces[i]);
    return ids.count;
}

/* --- Back ----------------------------------------------------------------------------------- */

struct text {
    char *out;
    size_t cap, len; /* len may pass cap */
};

static void add(struct text *t, const char *bytes, size_t len)
{
    if (t->len <= t->cap && len <= t->cap - t->len)
        memcpy(t->out + t->len, bytes, len);
    t->len += len;
}

static void add_cased(struct text *t, struct genom_str form, unsigned casing)
{
    size_t len, room = t->len < t->cap ? t->cap - t->len : 0;
    genom__put_cased(form, casing, room ? t->out + t->len : NULL, room, &len);
    t->len += len;
}

/* The ids of one piece; returns how many, or 0 when they are none. */
static size_t take_piece(const struct genom_dict *dict, const uint32_t *ids, size_t count,
                         struct text *t, bool first)
{
    size_t at = 0;
    unsigned casing = 0;
    bool join = at < count && ids[at] == GENOM_ID_JOIN;
    at += join;
    if (at < count && (ids[at] == GENOM_ID_TITLE || ids[at] == GENOM_ID_UPPER))
        casing = ids[at++] == GENOM_ID_TITLE ? 1 : 2;
    if (at == count || (first && join))
        return 0;
    if (!first && !join)
        add(t, " ", 1);
    if (ids[at] != GENOM_ID_SPELL) {
        struct genom_str form = genom__form(dict, ids[at]);
        if (ids[at] < GENOM_CONTROLS || form.len == 0)
            return 0;
        add_cased(t, form, casing);
        return at + 1;
    }
    for (at++; at < count && ids[at] != GENOM_ID_END; at++) {
        struct genom_str form = genom__form(dict, ids[at]);
        if (form.len != 1)
            return 0;
        add(t, form.ptr, 1);
    }
    return at < count && !casing ? at + 1 : 0;
}

int genom_text(const struct genom_dict *dict, const uint32_t *ids, size_t count, char *out,
               size_t cap, size_t *ret_len, size_t *ret_bad)
{
    struct text t = {.out = out, .cap = cap};
    for (size_t at = 0, n; at < count; at += n) {
        n = take_piece(dict, ids + at, count - at, &t, at == 0);
        if (n == 0) {
            if (ret_bad)
                *ret_bad = at;
            return GENOM_EDATA;
        }
    }
    *ret_len = t.len;
    return t.len > cap ? GENOM_ESPACE : 0;
}

/* At least as many digits as `most` has, the largest number that needs no more. Inline: the base is
 * known then. */
static inline size_t write_id(uint32_t id, char *out, const char *start, unsigned base,
                              unsigned digits, uint64_t most)
{
    size_t len = 2 + digits;
    for (; id > most; most = most * base + base - 1)
        len++;
    memcpy(out, start, 2);
    for (size_t at = len; at > 2; id /= base)
        out[--at] = "0123456789ABCDEF"[id % base];
    out[len] = '\0';
    return len;
}

size_t genom_id_token(uint32_t id, char ret[GENOM_ID_TEXT])
{
    return write_id(id, ret, "T-", 10, 5, 99999);
}

size_t genom_id_hex(uint32_t id, char ret[GENOM_ID_TEXT])
{
    return write_id(id, ret, "0x", 16, 4, 0xffff);
}

bool genom_id_read(const char *text, size_t len, uint32_t *ret_id)
{
    bool hex = len > 2 && !memcmp(text, "0x", 2);
    size_t at = hex || (len > 2 && !memcmp(text, "T-", 2)) ? 2 : 0;
    uint64_t id = 0;
    if (at == len || (hex && len > 10))
        return false;
    for (; at < len && id <= UINT32_MAX; at++) {
        uint8_t c = (uint8_t)text[at], low = c | 0x20;
        if (c >= '0' && c <= '9')
            id = id * (hex ? 16 : 10) + (c - '0');
        else if (hex && low >= 'a' && low <= 'f')
            id = id * 16 + (low - 'a' + 10u);
        else
            return false;
    }
    if (id > UINT32_MAX)
        return false;
    *ret_id = (uint32_t)id;
    return true;
}
