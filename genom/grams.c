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
#define WHOLE (1u << 20)
/* Of an altered dictionary they may be anything. */
#define TOTAL_MOST (1u << 21)
#define KEPT_MOST (1u << 30)
#define LEAN 1024
#define LEAN_SHARE 4096
#define LEAN_LEAST 128
#define LEAN_MOST 16384
#include <stdlib.h>
static int PAR[16]={8192,1024,1024,1024,12,17,20,13,19,22,13,19,22};
static void PARS(void){static int done;if(done)return;done=1;for(int i=0;i<16;i++){char n[4]={'P',(char)('A'+i),0};if(getenv(n))PAR[i]=atoi(getenv(n));}}

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
    PARS();
    g->dict = dict;
    for (unsigned i = 0; i < GRAMS_ORDERS; i++) {
        g->lean[i] = (uint32_t)PAR[1 + i];
        g->from[i] = g->to[i] = 0;
    }
    take_first(g, 0);
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

static unsigned code_at(const struct grams *g, uint32_t place)
{
    return load16(g->dict->dense.codes + 2 * (size_t)(g->from[0] + place));
}

static uint32_t length(const struct grams *g)
{
    return g->to[0] - g->from[0];
}

/* The first place in the first list whose code is not less. */
static uint32_t place_of(const struct grams *g, unsigned code)
{
    uint32_t low = 0, high = length(g);
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (code_at(g, middle) < code)
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
    return count == 0 ? 0 : (uint32_t)PAR[4+3*order+(count < 3 ? count - 1 : 2)];
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
static uint32_t first_before(const struct grams *g, uint32_t place)
{
    uint32_t sum = values_before(&g->dict->dense, g->from[0] + place) - g->first_sum;
    return (uint32_t)(sum * g->scale[0] >> 32) + place;
}

/* Shares out mass to a list: what is left to shorter contexts, by the discounts and how this text went. */
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
    uint32_t n = 0, sum = 0, longer = g->from[2], end = length(g);
    for (uint32_t i = g->from[1]; i < g->to[1] && n < GRAMS_LIST_MAX; i++) {
        uint32_t place = place_at(g, 1, i), extra = weight_at(g, 1, i);
        if (place >= end || (n > 0 && place <= g->place[n - 1]))
            continue;
        while (longer < g->to[2] && place_at(g, 2, longer) < place)
            longer++;
        if (longer < g->to[2] && place_at(g, 2, longer) == place)
            extra += weight_at(g, 2, longer);
        g->place[n] = (uint16_t)place;
        g->extra[n++] = extra;
        sum += extra;
    }
    g->extras = n;
    return sum;
}

static void predict(struct grams *g)
{
    const struct dense *m = &g->dict->dense;
    uint32_t mass = share_longer(g, 1, share_longer(g, 2, WHOLE)), kept;
    g->first_sum = values_before(m, g->from[0]);
    kept = values_before(m, g->to[0]) - g->first_sum;
    g->scale[0] = 0;
    if (kept > 0 && kept < KEPT_MOST)
        mass = share_out(g, 0, mass, (uint32_t)((uint64_t)kept), (uint32_t)((uint64_t)kept * g->share / (65536 - g->share)));
    g->escape = mass + 1;
    g->total = g->escape + first_before(g, length(g)) + gather_extras(g);
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
    uint32_t lower = 0;
    for (unsigned order = 0; order < GRAMS_ORDERS && g->scale[order]; order++) {
        uint32_t part = 0, share = LEAN_SHARE;
        if (listed && order == 0)
            part = first_before(g, place + 1) - first_before(g, place);
        else if (listed && at[order] < g->to[order])
            part = weight_at(g, order, at[order]);
        if (part)
            share = (uint32_t)((uint64_t)lower * LEAN_SHARE / (lower + part));
        lower += part;
        int32_t lean = (int32_t)g->lean[order];
        lean += lean * ((int32_t)share - (int32_t)g->below[order]) / PAR[0];
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

static void pass(struct grams *g, unsigned code, bool listed, uint32_t place)
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

/* --- What is in no list --------------------------------------------------------------------- */

struct rest {
    uint32_t width[SYMBOLS]; /* frequency of what is in no list */
    uint32_t total;
    uint32_t place[SYMBOLS + 1]; /* where a symbol's codes begin in the list */
};

/* The first code of a symbol. Symbols of ids begin together: their codes are looked at one by one. */
static unsigned first_code(unsigned symbol)
{
    if (symbol < SYM_RANK)
        return symbol;
    return symbol < SYM_ID0 && genom__bucket_first(symbol) < WORDS
               ? SYM_LISTED + genom__bucket_first(symbol)
               : EXTRA;
}

static void find_rest(const struct grams *g, unsigned context, struct rest *r)
{
    const struct dense *m = &g->dict->dense;
    uint32_t place = 0, end = length(g);
    uint16_t listed[SYMBOLS] = {0};
    for (; place < end && code_at(g, place) < SYM_RANK; place++)
        listed[code_at(g, place)]++;
    for (unsigned s = SYM_RANK; s < SYM_ID0; s++) {
        uint32_t next = place_of(g, first_code(s + 1));
        listed[s] = (uint16_t)(next - place);
        place = next;
    }
    for (; place < end; place++)
        listed[of_code(g, code_at(g, place)).symbol]++;
    r->total = 0;
    for (unsigned s = 0; s < SYM_ID + ID_BUCKETS; s++) {
        uint32_t size = s < SYM_RANK ? 1 : genom__bucket_size(s);
        uint32_t left = size > listed[s] ? size - listed[s] : 0;
        uint32_t width = load16(m->symbols + 2 * (context * SYMBOLS + s)) * 8;
        r->width[s] = left == 0 || width == 0 ? 0 : (uint32_t)((uint64_t)width * left / size) + 1;
        r->total += r->width[s];
    }
}

/* Values of a bucket that are in the list: how many below one of them, or all. */
static uint32_t listed_below(const struct grams *g, unsigned symbol, uint32_t value)
{
    uint32_t count = 0, place;
    if (symbol < SYM_ID0)
        return place_of(g, value < WORDS ? SYM_LISTED + value : EXTRA) -
               place_of(g, first_code(symbol));
    for (place = place_of(g, EXTRA); place < length(g); place++) {
        struct coded c = of_code(g, code_at(g, place));
        count += c.symbol == symbol && c.value < value;
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
    uint32_t first = genom__bucket_first(c.symbol), size = genom__bucket_size(c.symbol);
    uint32_t place = c.value - first - listed_below(g, c.symbol, c.value);
    size -= listed_below(g, c.symbol, first + size);
    if (place >= size)
        return false;
    genom__enc_any(e, place, size);
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
    uint32_t first = genom__bucket_first(s), all = genom__bucket_size(s);
    uint32_t size = all - listed_below(g, s, first + all);
    if (size == 0 || size > all)
        return GENOM_EDATA;
    /* The value with so many before it that are in no list. */
    uint32_t place = genom__dec_any(d, size), low = first, high = first + all - 1;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (middle + 1 - first - listed_below(g, s, middle + 1) <= place)
            low = middle + 1;
        else
            high = middle;
    }
    ret->value = low;
    return 0;
}

/* --- Coding --------------------------------------------------------------------------------- */

/* The part of an entry: where it begins behind the escape, and how wide it is. */
static uint32_t part_of(const struct grams *g, uint32_t place, uint32_t *ret_width)
{
    uint32_t from = first_before(g, place), i = 0;
    *ret_width = first_before(g, place + 1) - from;
    for (; i < g->extras && g->place[i] < place; i++)
        from += g->extra[i];
    if (i < g->extras && g->place[i] == place)
        *ret_width += g->extra[i];
    return g->escape + from;
}

/* Could the part be one? Not so in an altered dictionary. */
static bool is_part(const struct grams *g, uint32_t from, uint32_t width)
{
    return width > 0 && from < g->total && width <= g->total - from && g->total < TOTAL_MOST;
}

bool genom__grams_put(struct grams *g, struct genom__enc *e, struct coded c, unsigned context)
{
    unsigned code = code_of(g, c);
    uint32_t place = place_of(g, code), from = 0, width;
    bool listed = code != NONE && place < length(g) && code_at(g, place) == code;
    predict(g);
    width = g->escape;
    if (listed)
        from = part_of(g, place, &width);
    if (!is_part(g, from, width))
        return false;
    genom__enc_part(e, from, width, g->total);
    if (!listed && !put_rest(g, e, c, context))
        return false;
    pass(g, code, listed, place);
    return true;
}

/* The place whose part holds `at`, counted from behind the escape. */
static uint32_t place_at_part(const struct grams *g, uint32_t at)
{
    uint32_t i = 0, added = 0, low = 0, high = length(g) - 1;
    for (; i < g->extras; i++) {
        if (at < first_before(g, g->place[i]) + added)
            break;
        low = g->place[i];
        if (at < first_before(g, low + 1) + added + g->extra[i])
            return low;
        added += g->extra[i];
        low++;
    }
    if (i < g->extras)
        high = g->place[i] - 1u;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (first_before(g, middle + 1) + added <= at)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

int genom__grams_get(struct grams *g, struct genom__dec *d, unsigned context, struct coded *ret)
{
    uint32_t at, place = 0, from = 0, width;
    predict(g);
    width = g->escape;
    if (!is_part(g, 0, width))
        return GENOM_EDATA;
    at = genom__dec_part(d, g->total);
    bool listed = at >= g->escape;
    if (listed) {
        place = place_at_part(g, at - g->escape);
        if (place >= length(g))
            return GENOM_EDATA;
        from = part_of(g, place, &width);
        if (!is_part(g, from, width) || at < from || at - from >= width)
            return GENOM_EDATA;
        *ret = of_code(g, code_at(g, place));
    }
    genom__dec_took(d, from, width, g->total);
    int err = listed ? 0 : get_rest(g, d, context, ret);
    if (!err)
        pass(g, code_of(g, *ret), listed, place);
    return err;
}
