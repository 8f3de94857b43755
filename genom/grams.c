/*
 * grams.c: the next code by the lists of what follows the last one, two and three.
 *
 *     weight of an entry = its share in the longest context's list, less a discount,
 *                          + what the discounts of that list leave × its share in the next shorter's …
 *     the rest           = escape: any symbol that is in no list, by static frequencies
 */
#include "genom/grams.h"

#define NONE 7
#define WORDS 64000
#define EXTRA (SYM_LISTED + WORDS)
/* Sum of all weights, about. */
#define WHOLE (1u << 18)

void genom__grams_init(struct grams *g, const struct genom_dict *dict)
{
    const struct dense *m = &dict->dense;
    g->dict = dict;
    memset(g->from, 0, sizeof g->from);
    memset(g->to, 0, sizeof g->to);
    g->from[0] = load32(m->starts[0]);
    g->to[0] = load32(m->starts[0] + 4);
}

/* --- Codes ---------------------------------------------------------------------------------- */

static unsigned code_of(const struct grams *g, struct coded c)
{
    const struct dense *m = &g->dict->dense;
    if (c.symbol < SYM_RANK)
        return c.symbol;
    if (c.symbol < SYM_ID0)
        return c.value < WORDS ? SYM_LISTED + c.value : NONE;
    unsigned low = 0, high = m->extras_count;
    while (low < high) {
        unsigned middle = (low + high) / 2;
        uint32_t id = load32(m->extras + 4 * middle);
        if (id == c.value)
            return EXTRA + middle;
        if (id < c.value)
            low = middle + 1;
        else
            high = middle;
    }
    return NONE;
}

static struct coded of_code(const struct grams *g, unsigned code)
{
    const struct dense *m = &g->dict->dense;
    uint32_t id;
    if (code < SYM_RANK)
        return (struct coded){code, 0};
    if (code < EXTRA)
        return (struct coded){SYM_RANK + genom__bucket(code - SYM_LISTED), code - SYM_LISTED};
    id = code - EXTRA < m->extras_count ? load32(m->extras + 4 * (size_t)(code - EXTRA)) : 0;
    if (id < 256 || id > TOKENS_MAX)
        return (struct coded){SYM_ID0, id < 256 ? id : 0};
    return (struct coded){SYM_ID + genom__bucket(id) - 4, id};
}

static unsigned code_at(const struct dense *m, unsigned order, uint32_t at)
{
    return load16(m->codes[order] + 2 * (size_t)at);
}

/* --- Weights -------------------------------------------------------------------------------- */

static uint32_t count_at(const struct dense *m, unsigned order, uint32_t at)
{
    unsigned c = m->counts[order][at];
    return c < 128 ? c : genom__bounds[c - 128 < ID_BUCKETS ? c - 128 : ID_BUCKETS];
}

/* In sixteenths of a count. */
static const uint32_t discount[GRAMS_ORDERS][3] = {{12, 17, 20}, {13, 19, 22}, {13, 19, 22}};

static uint32_t discount_of(unsigned order, uint32_t count)
{
    return count == 0 ? 0 : discount[order][count < 3 ? count - 1 : 2];
}

/* Shares out `mass` in the order's list; returns what is left. */
static uint32_t share(struct grams *g, unsigned order, uint32_t mass)
{
    const struct dense *m = &g->dict->dense;
    uint32_t base = g->from[0], sum = 0, left = 0, j = 0;
    if (g->from[order] == g->to[order])
        return mass;
    for (uint32_t i = g->from[order]; i < g->to[order]; i++) {
        uint32_t count = count_at(m, order, i);
        sum += count * 16;
        left += discount_of(order, count);
    }
    if (sum == 0)
        return mass;
    uint64_t scale = ((uint64_t)mass << 32) / sum;
    for (uint32_t i = g->from[order]; i < g->to[order]; i++, j++) {
        uint32_t count = count_at(m, order, i);
        if (order > 0) {
            unsigned code = code_at(m, order, i);
            while (j < g->count && code_at(m, 0, base + j) < code)
                j++;
            if (j == g->count)
                break;
            if (code_at(m, 0, base + j) != code)
                continue;
        }
        g->weight[j] += (uint32_t)((count * 16 - discount_of(order, count)) * scale >> 32);
    }
    return (uint32_t)(left * scale >> 32);
}

static void predict(struct grams *g)
{
    uint32_t mass = WHOLE;
    g->count = g->to[0] - g->from[0];
    for (uint32_t i = 0; i < g->count; i++)
        g->weight[i] = 1;
    for (unsigned order = GRAMS_ORDERS; order-- > 0;)
        mass = share(g, order, mass);
    g->escape = mass + 1;
    g->total = g->escape;
    for (uint32_t i = 0; i < g->count; i++)
        g->total += g->weight[i];
}

/* Where the code stands in a list, or its end. */
static uint32_t find(const struct grams *g, unsigned order, unsigned code)
{
    const struct dense *m = &g->dict->dense;
    uint32_t low = g->from[order], high = g->to[order];
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (code_at(m, order, middle) < code)
            low = middle + 1;
        else
            high = middle;
    }
    return low < g->to[order] && code_at(m, order, low) == code ? low : g->to[order];
}

static void take_list(struct grams *g, unsigned order, const uint8_t *starts)
{
    uint32_t from = load32(starts), to = load32(starts + 4), end = g->dict->dense.entries[order];
    if (from > to || to > end)
        from = to = 0;
    g->from[order] = from;
    g->to[order] = to - from > GRAMS_LIST_MAX ? from + GRAMS_LIST_MAX : to;
}

static void pass(struct grams *g, unsigned code)
{
    const struct dense *m = &g->dict->dense;
    for (unsigned order = GRAMS_ORDERS - 1; order > 0; order--) {
        uint32_t at = find(g, order - 1, code);
        if (at < g->to[order - 1] && code != 0)
            take_list(g, order, m->starts[order] + 4 * (size_t)at);
        else
            g->from[order] = g->to[order] = 0;
    }
    take_list(g, 0, m->starts[0] + 4 * (size_t)code);
}

/* --- What is in no list --------------------------------------------------------------------- */

struct rest {
    uint32_t width[SYMBOLS]; /* frequency of those that are in no list */
    uint32_t total;
    uint32_t listed[SYMBOLS]; /* how many of a bucket are in the list */
};

static void find_rest(const struct grams *g, unsigned context, struct rest *r)
{
    const struct dense *m = &g->dict->dense;
    memset(r, 0, sizeof *r);
    for (uint32_t i = 0; i < g->count; i++)
        r->listed[of_code(g, code_at(m, 0, g->from[0] + i)).symbol]++;
    for (unsigned s = 0; s < SYM_ID + ID_BUCKETS; s++) {
        uint32_t size = s < SYM_RANK ? 1 : genom__bucket_size(s), left = size > r->listed[s] ? size - r->listed[s] : 0;
        uint64_t width = (uint64_t)load16(m->symbols + 2 * (context * SYMBOLS + s)) * 8;
        r->width[s] = left == 0 || width == 0 ? 0 : (uint32_t)(width * left / size) + 1;
        r->total += r->width[s];
    }
}

/* The values of a bucket that are in the list, ascending. */
static uint32_t listed_values(const struct grams *g, unsigned symbol, uint32_t *ret)
{
    const struct dense *m = &g->dict->dense;
    uint32_t count = 0;
    for (uint32_t i = 0; i < g->count; i++) {
        struct coded c = of_code(g, code_at(m, 0, g->from[0] + i));
        if (c.symbol == symbol)
            ret[count++] = c.value;
    }
    return count;
}

static bool put_rest(struct grams *g, struct genom__enc *e, struct coded c, unsigned context)
{
    struct rest r;
    uint32_t from = 0;
    find_rest(g, context, &r);
    for (unsigned s = 0; s < c.symbol; s++)
        from += r.width[s];
    if (r.width[c.symbol] == 0)
        return false;
    genom__enc_part(e, from, r.width[c.symbol], r.total);
    if (c.symbol < SYM_RANK)
        return true;
    uint32_t *values = g->weight, count = listed_values(g, c.symbol, values);
    uint32_t first = genom__bucket_first(c.symbol), place = c.value - first;
    for (uint32_t i = 0; i < count; i++)
        place -= values[i] < c.value;
    uint32_t size = genom__bucket_size(c.symbol) - count;
    if (place >= size)
        return false;
    genom__enc_any(e, place, size);
    return true;
}

bool genom__grams_put(struct grams *g, struct genom__enc *e, struct coded c, unsigned context)
{
    unsigned code = code_of(g, c);
    uint32_t at, from = 0;
    predict(g);
    at = find(g, 0, code) - g->from[0];
    if (code != NONE && at < g->count) {
        for (uint32_t i = 0; i < at; i++)
            from += g->weight[i];
        genom__enc_part(e, g->escape + from, g->weight[at], g->total);
    } else {
        genom__enc_part(e, 0, g->escape, g->total);
        if (!put_rest(g, e, c, context))
            return false;
    }
    pass(g, code);
    return true;
}

static int get_rest(struct grams *g, struct genom__dec *d, unsigned context, struct coded *ret)
{
    struct rest r;
    unsigned s = 0;
    find_rest(g, context, &r);
    if (r.total == 0)
        return GENOM_EDATA;
    uint32_t at = genom__dec_part(d, r.total), from = 0;
    while (from + r.width[s] <= at)
        from += r.width[s++];
    genom__dec_took(d, from, r.width[s], r.total);
    *ret = (struct coded){s, 0};
    if (s < SYM_RANK)
        return 0;
    uint32_t *values = g->weight, count = listed_values(g, s, values), size = genom__bucket_size(s) - count;
    uint32_t value = genom__bucket_first(s) + genom__dec_any(d, size);
    for (uint32_t i = 0; i < count; i++)
        value += values[i] <= value;
    ret->value = value;
    return 0;
}

int genom__grams_get(struct grams *g, struct genom__dec *d, unsigned context, struct coded *ret)
{
    uint32_t at, i = 0, from;
    predict(g);
    at = genom__dec_part(d, g->total);
    if (at < g->escape) {
        genom__dec_took(d, 0, g->escape, g->total);
        int err = get_rest(g, d, context, ret);
        if (err)
            return err;
        pass(g, code_of(g, *ret));
        return 0;
    }
    for (from = g->escape; from + g->weight[i] <= at; i++)
        from += g->weight[i];
    genom__dec_took(d, from, g->weight[i], g->total);
    unsigned code = code_at(&g->dict->dense, 0, g->from[0] + i);
    *ret = of_code(g, code);
    pass(g, code);
    return 0;
}
