/*
 * grams.c: the next code by the lists of what follows the last one, two and three.
 *
 *     weight of an entry = its share in the longest context's list, less a discount,
 *                          + what the discounts of that list leave × its share in the next shorter's …
 *     the rest           = escape: any symbol that is in no list, by static frequencies
 */
#include "genom/grams.h"

/* Sum of all weights, about. */
#define WHOLE (1u << 20)
/* Of an altered dictionary they may be anything. */
#define KEPT_MOST (1u << 30)
/* How a text leans to shorter contexts: 1 at first, in 1/1024; how fast it changes. */
#define LEAN 1024
#define LEAN_LEAST 128
#define LEAN_MOST 16384
#define LEAN_SLOWNESS 6144
/* Of what each context left, and of what came from shorter ones, in 1/4096. */
#define LEAN_SHARE 4096

/* Sixteenths of a count of 1 … 8 and more that shorter
 * contexts get; by how many codes stand before. */
static const uint8_t discounts[GRAMS_ORDERS][8] = {
    {12, 23, 27, 27, 27, 27, 27, 27},
    {13, 28, 40, 54, 68, 80, 92, 110},
    {13, 30, 42, 56, 70, 84, 98, 120},
};

static void take_list(struct grams *g, unsigned order, uint32_t from, uint32_t to)
{
    bool sound = from <= to && to <= g->dict->dense.entries[order];
    g->from[order] = sound ? from : 0;
    g->to[order] = sound ? to : 0;
}

static void take_first(struct grams *g, unsigned code)
{
    const uint8_t *starts = g->dict->dense.starts + 4 * (size_t)code;
    take_list(g, 0, load32(starts), load32(starts + 4));
    g->share = load16(g->dict->dense.shares + 2 * (size_t)code);
}

void genom__grams_init(struct grams *g, const struct genom_dict *dict)
{
    g->dict = dict;
    for (unsigned i = 0; i < GRAMS_ORDERS; i++) {
        g->lean[i] = LEAN;
        g->from[i] = g->to[i] = 0;
    }
    take_first(g, 0);
    memset(&g->recent, 0, sizeof g->recent);
}

/* --- Codes ---------------------------------------------------------------------------------- */

unsigned genom__grams_code(const struct grams *g, struct coded c)
{
    const struct dense *m = &g->dict->dense;
    if (c.symbol < SYM_RANK)
        return c.symbol;
    if (c.symbol < SYM_ID0)
        return c.value < CODE_WORDS ? SYM_LISTED + c.value : CODE_NONE;
    unsigned low = 0, high = m->extras_count;
    while (low < high) {
        unsigned middle = (low + high) / 2;
        uint32_t id = load32(m->extras + 4 * middle);
        if (id == c.value)
            return CODE_EXTRA + middle;
        if (id < c.value)
            low = middle + 1;
        else
            high = middle;
    }
    return CODE_NONE;
}

struct coded genom__grams_coded(const struct grams *g, unsigned code)
{
    const struct dense *m = &g->dict->dense;
    uint32_t id;
    if (code < SYM_RANK)
        return (struct coded){code, 0};
    if (code < CODE_EXTRA)
        return (struct coded){SYM_RANK + genom__bucket(code - SYM_LISTED), code - SYM_LISTED};
    id = code - CODE_EXTRA < m->extras_count ? load32(m->extras + 4 * (size_t)(code - CODE_EXTRA))
                                             : 0;
    if (id < 256 || id > TOKENS_MAX)
        return (struct coded){SYM_ID0, id < 256 ? id : 0};
    return (struct coded){SYM_ID + genom__bucket(id) - 4, id};
}

unsigned genom__grams_code_at(const struct grams *g, uint32_t place)
{
    return load16(g->dict->dense.codes + 2 * (size_t)(g->from[0] + place));
}

uint32_t genom__grams_length(const struct grams *g)
{
    return g->to[0] - g->from[0];
}

/* The first place in the first list whose code is not less. */
uint32_t genom__grams_place(const struct grams *g, unsigned code)
{
    uint32_t low = 0, high = genom__grams_length(g);
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (genom__grams_code_at(g, middle) < code)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* --- Weights -------------------------------------------------------------------------------- */

static uint32_t count_at(const struct dense *m, unsigned order, uint32_t at)
{
    unsigned c = m->counts[order][at];
    return c < 128 ? c : genom__bounds[c - 128 < ID_BUCKETS ? c - 128 : ID_BUCKETS];
}

/* In sixteenths of a count. */
static uint32_t discount_of(unsigned order, uint32_t count)
{
    return count == 0 ? 0 : discounts[order][count < 8 ? count - 1 : 7];
}

/* Sixteenths of the count less its discount. */
static uint32_t value_at(const struct dense *m, unsigned order, uint32_t at)
{
    uint32_t count = count_at(m, order, at);
    return count * 16 - discount_of(order, count);
}

/* Sum of values in the first lists before an entry. */
static uint32_t values_before(const struct dense *m, uint32_t at)
{
    uint32_t sum = load32(m->sums + 4 * (size_t)(at / GRAMS_SUM_BLOCK));
    for (uint32_t i = at - at % GRAMS_SUM_BLOCK; i < at; i++)
        sum += value_at(m, 0, i);
    return sum;
}

/* Weights of the first list's entries before a place, by that list alone. */
uint32_t genom__grams_before(const struct grams *g, uint32_t place)
{
    uint32_t sum = values_before(&g->dict->dense, g->from[0] + place) - g->first_sum;
    return (uint32_t)(sum * g->scale[0] >> 32) + place;
}

/* Shares out mass to a list: what is left to shorter
 * contexts, by the discounts and how this text went. */
static uint32_t share_out(struct grams *g, unsigned order, uint32_t mass, uint32_t kept,
                          uint32_t left)
{
    uint64_t odds = (uint64_t)left * g->lean[order], all = odds + (uint64_t)kept * LEAN;
    uint32_t below = (uint32_t)(odds * mass / all);
    g->below[order] = (uint32_t)(odds * LEAN_SHARE / all);
    g->scale[order] = ((uint64_t)(mass - below) << 32) / kept;
    return below;
}

static uint32_t share_longer(struct grams *g, unsigned order, uint32_t mass)
{
    const struct dense *m = &g->dict->dense;
    uint32_t kept = 0, left = 0;
    for (uint32_t i = g->from[order]; i < g->to[order]; i++) {
        uint32_t count = count_at(m, order, i), discount = discount_of(order, count);
        kept += count * 16 - discount;
        left += discount;
    }
    g->scale[order] = 0;
    return kept ? share_out(g, order, mass, kept, left) : mass;
}

static uint32_t weight_at(const struct grams *g, unsigned order, uint32_t at)
{
    return (uint32_t)(value_at(&g->dict->dense, order, at) * g->scale[order] >> 32);
}

static uint32_t place_at(const struct grams *g, unsigned order, uint32_t at)
{
    return load16(g->dict->dense.places[order - 1] + 2 * (size_t)at);
}

/* What two and three codes before add to entries of the first list, ascending. */
static uint32_t gather_extras(struct grams *g)
{
    uint32_t n = 0, sum = 0, longer = g->from[2], end = genom__grams_length(g);
    for (uint32_t i = g->from[1]; i < g->to[1] && n < GRAMS_LIST_MAX; i++) {
        uint32_t place = place_at(g, 1, i), extra = weight_at(g, 1, i);
        if (place >= end || (n > 0 && place <= g->place[n - 1]))
            continue;
        while (longer < g->to[2] && place_at(g, 2, longer) < place)
            longer++;
        if (longer < g->to[2] && place_at(g, 2, longer) == place)
            extra += weight_at(g, 2, longer);
        sum += extra;
        g->place[n] = (uint16_t)place;
        g->added[n++] = sum;
    }
    g->extras = n;
    return sum;
}

void genom__grams_predict(struct grams *g)
{
    const struct dense *m = &g->dict->dense;
    uint32_t mass = share_longer(g, 1, share_longer(g, 2, WHOLE)), kept;
    g->first_sum = values_before(m, g->from[0]);
    kept = values_before(m, g->to[0]) - g->first_sum;
    g->scale[0] = 0;
    if (kept > 0 && kept < KEPT_MOST)
        mass = share_out(g, 0, mass, kept,
                         (uint32_t)((uint64_t)kept * g->share / (65536 - g->share)));
    g->escape = mass + 1;
    g->total = g->escape + genom__grams_before(g, genom__grams_length(g)) + gather_extras(g);
}

/* The entry of a list that has the place, or its end. */
static uint32_t find(const struct grams *g, unsigned order, uint32_t place)
{
    uint32_t low = g->from[order], high = g->to[order];
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (place_at(g, order, middle) < place)
            low = middle + 1;
        else
            high = middle;
    }
    return low < g->to[order] && place_at(g, order, low) == place ? low : g->to[order];
}

/* A text whose codes came more often from shorter contexts than foretold leans to them. */
static void learn(struct grams *g, bool listed, uint32_t place, const uint32_t at[GRAMS_ORDERS])
{
    uint64_t lower = 0;
    for (unsigned order = 0; order < GRAMS_ORDERS && g->scale[order]; order++) {
        uint32_t part = 0, share = LEAN_SHARE;
        if (listed && order == 0)
            part = genom__grams_before(g, place + 1) - genom__grams_before(g, place);
        else if (listed && at[order] < g->to[order])
            part = weight_at(g, order, at[order]);
        if (part)
            share = (uint32_t)(lower * LEAN_SHARE / (lower + part));
        lower += part;
        int32_t lean = (int32_t)g->lean[order];
        lean += lean * ((int32_t)share - (int32_t)g->below[order]) / LEAN_SLOWNESS;
        g->lean[order] = (uint32_t)(lean < LEAN_LEAST  ? LEAN_LEAST
                                    : lean > LEAN_MOST ? LEAN_MOST
                                                       : lean);
    }
}

/* What follows an entry. */
static void take_next(struct grams *g, unsigned order, uint32_t at)
{
    const struct dense *m = &g->dict->dense;
    const uint8_t *sizes = m->sizes[order - 1];
    uint32_t from = load32(m->blocks[order - 1] + 4 * (size_t)(at / GRAMS_SIZE_BLOCK)), size;
    for (uint32_t i = at - at % GRAMS_SIZE_BLOCK;; i++) {
        size = sizes[i] <= 192 ? sizes[i] : 192 + (sizes[i] - 192u) * 64;
        if (i == at)
            break;
        from += size;
    }
    take_list(g, order, from, from + size);
}

void genom__grams_pass(struct grams *g, unsigned code, bool listed, uint32_t place)
{
    uint32_t at[GRAMS_ORDERS] = {g->from[0] + place};
    for (unsigned order = 1; order < GRAMS_ORDERS; order++)
        at[order] = listed ? find(g, order, place) : g->to[order];
    learn(g, listed, place, at);
    for (unsigned order = GRAMS_ORDERS - 1; order > 0; order--) {
        if (listed && at[order - 1] < g->to[order - 1])
            take_next(g, order, at[order - 1]);
        else
            g->from[order] = g->to[order] = 0;
    }
    take_first(g, code);
}
