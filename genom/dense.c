/*
 * dense.c: mode dense: a code by the lists of what follows (grams.c); what is in none of them by
 * what this text had already, else by static frequencies.
 *
 *     entry of the first list
 *     escape  { again?  which }                        where the text had codes that are in no list
 *     escape    again?  symbol  place in its bucket    neither
 *
 * Symbols and buckets leave out what is in the list.
 */
#include "genom/grams.h"

/* Then both counts are halved: later ones weigh more. */
#define CHANCES_MOST 256
#define TIMES_MOST 1000

/* --- What is in no list --------------------------------------------------------------------- */

struct rest {
    uint32_t width[SYMBOLS]; /* frequency of what is in no list */
    uint32_t total;
};

/* The first code of a symbol. Symbols of ids begin together: their codes are looked at one by
 * one. */
static unsigned first_code(unsigned symbol)
{
    if (symbol < SYM_RANK)
        return symbol;
    return symbol < SYM_ID0 && genom__bucket_first(symbol) < CODE_WORDS
               ? SYM_LISTED + genom__bucket_first(symbol)
               : CODE_EXTRA;
}

static void find_rest(const struct grams *g, unsigned context, struct rest *r)
{
    const struct dense *m = &g->dict->dense;
    uint32_t place = 0, end = genom__grams_length(g);
    uint16_t listed[SYMBOLS] = {0};
    for (; place < end && genom__grams_code_at(g, place) < SYM_RANK; place++)
        listed[genom__grams_code_at(g, place)]++;
    for (unsigned s = SYM_RANK; s < SYM_ID0; s++) {
        uint32_t next = genom__grams_place(g, first_code(s + 1));
        listed[s] = (uint16_t)(next - place);
        place = next;
    }
    for (; place < end; place++)
        listed[genom__grams_coded(g, genom__grams_code_at(g, place)).symbol]++;
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
        return genom__grams_place(g, value < CODE_WORDS ? SYM_LISTED + value : CODE_EXTRA) -
               genom__grams_place(g, first_code(symbol));
    for (place = genom__grams_place(g, CODE_EXTRA); place < genom__grams_length(g); place++) {
        struct coded c = genom__grams_coded(g, genom__grams_code_at(g, place));
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
    uint32_t first = genom__bucket_first(c.symbol), all = genom__bucket_size(c.symbol);
    uint32_t size = all - listed_below(g, c.symbol, first + all);
    uint32_t place = c.value - first - listed_below(g, c.symbol, c.value);
    if (place >= size || size > all)
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

/* --- What this text had already -------------------------------------------------------------- */

/* Weights of the recent codes that are in no list; returns their sum. */
static uint32_t recent_weights(const struct grams *g, uint32_t ret[RECENT_MAX])
{
    uint32_t sum = 0;
    for (uint32_t i = 0; i < g->recent.count; i++) {
        unsigned code = genom__grams_code(g, g->recent.code[i]);
        uint32_t place = genom__grams_place(g, code);
        bool listed = code != CODE_NONE && place < genom__grams_length(g) &&
                      genom__grams_code_at(g, place) == code;
        ret[i] = listed ? 0 : 4 * g->recent.times[i] - 2;
        sum += ret[i];
    }
    return sum;
}

/* Of 2^12: that it is one of them. */
static uint32_t recent_chance(const struct recent *r)
{
    return (r->came * 2 + 1) * 4096 / (r->chances * 2 + 16);
}

static void recent_learn(struct recent *r, bool came)
{
    r->chances++;
    r->came += came;
    if (r->chances == CHANCES_MOST) {
        r->chances /= 2;
        r->came /= 2;
    }
}

static uint32_t recent_find(const struct recent *r, struct coded c)
{
    uint32_t i = 0;
    while (i < r->count && (r->code[i].symbol != c.symbol || r->code[i].value != c.value))
        i++;
    return i;
}

static void recent_pass(struct recent *r, struct coded c)
{
    uint32_t i = recent_find(r, c), times = 1;
    if (c.symbol < SYM_ASCII)
        return;
    if (i < r->count)
        times = r->times[i] + (r->times[i] < TIMES_MOST);
    else if (r->count < RECENT_MAX)
        r->count++;
    else
        i--;
    memmove(r->code + 1, r->code, i * sizeof *r->code);
    memmove(r->times + 1, r->times, i * sizeof *r->times);
    r->code[0] = c;
    r->times[0] = times;
}

/* True: it was one of them and is coded. */
static bool put_recent(struct grams *g, struct genom__enc *e, struct coded c)
{
    uint32_t weights[RECENT_MAX], sum = recent_weights(g, weights), from = 0;
    uint32_t i = recent_find(&g->recent, c);
    if (sum == 0)
        return false;
    bool is = i < g->recent.count && weights[i] > 0;
    uint32_t chance = recent_chance(&g->recent);
    genom__enc_part(e, is ? 0 : chance, is ? chance : 4096 - chance, 4096);
    recent_learn(&g->recent, is);
    if (!is)
        return false;
    for (uint32_t j = 0; j < i; j++)
        from += weights[j];
    genom__enc_part(e, from, weights[i], sum);
    return true;
}

static bool get_recent(struct grams *g, struct genom__dec *d, struct coded *ret)
{
    uint32_t weights[RECENT_MAX], sum = recent_weights(g, weights), from = 0, i = 0, at;
    if (sum == 0)
        return false;
    uint32_t chance = recent_chance(&g->recent);
    bool is = genom__dec_part(d, 4096) < chance;
    genom__dec_took(d, is ? 0 : chance, is ? chance : 4096 - chance, 4096);
    recent_learn(&g->recent, is);
    if (!is)
        return false;
    at = genom__dec_part(d, sum);
    while (from + weights[i] <= at)
        from += weights[i++];
    genom__dec_took(d, from, weights[i], sum);
    *ret = g->recent.code[i];
    return true;
}

/* --- Coding --------------------------------------------------------------------------------- */

/* The first extra whose place is not less. */
static uint32_t extra_at(const struct grams *g, uint32_t place)
{
    uint32_t low = 0, high = g->extras;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (g->place[middle] < place)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Weights of all entries before a place. */
static uint32_t weights_before(const struct grams *g, uint32_t place)
{
    uint32_t extra = extra_at(g, place);
    return genom__grams_before(g, place) + (extra > 0 ? g->added[extra - 1] : 0);
}

/* The part of an entry: where it begins, and how wide it is. */
static uint32_t part_of(const struct grams *g, uint32_t place, uint32_t *ret_width)
{
    uint32_t from = weights_before(g, place);
    *ret_width = weights_before(g, place + 1) - from;
    return g->escape + from;
}

/* Could the part be one? Not so in an altered dictionary. */
static bool is_part(const struct grams *g, uint32_t from, uint32_t width)
{
    return width > 0 && from < g->total && width <= g->total - from && g->total < GRAMS_TOTAL_MOST;
}

bool genom__dense_put(struct grams *g, struct genom__enc *e, struct coded c, unsigned context)
{
    unsigned code = genom__grams_code(g, c);
    uint32_t place = genom__grams_place(g, code), from = 0, width;
    bool listed = code != CODE_NONE && place < genom__grams_length(g) &&
                  genom__grams_code_at(g, place) == code;
    genom__grams_predict(g);
    width = g->escape;
    if (listed)
        from = part_of(g, place, &width);
    if (!is_part(g, from, width))
        return false;
    genom__enc_part(e, from, width, g->total);
    if (!listed && !put_recent(g, e, c) && !put_rest(g, e, c, context))
        return false;
    recent_pass(&g->recent, c);
    genom__grams_pass(g, code, listed, place);
    return true;
}

/* The place whose part holds `at`, counted from behind the escape: first between which extras. */
static uint32_t place_at_part(const struct grams *g, uint32_t at)
{
    uint32_t low = 0, high = g->extras, added;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (genom__grams_before(g, g->place[middle] + 1u) + g->added[middle] <= at)
            low = middle + 1;
        else
            high = middle;
    }
    added = low > 0 ? g->added[low - 1] : 0;
    high = low < g->extras ? g->place[low] : genom__grams_length(g) - 1;
    low = low > 0 ? g->place[low - 1] + 1u : 0;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (genom__grams_before(g, middle + 1) + added <= at)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

int genom__dense_get(struct grams *g, struct genom__dec *d, unsigned context, struct coded *ret)
{
    uint32_t at, place = 0, from = 0, width;
    genom__grams_predict(g);
    width = g->escape;
    if (!is_part(g, 0, width))
        return GENOM_EDATA;
    at = genom__dec_part(d, g->total);
    bool listed = at >= g->escape;
    if (listed) {
        place = place_at_part(g, at - g->escape);
        if (place >= genom__grams_length(g))
            return GENOM_EDATA;
        from = part_of(g, place, &width);
        if (!is_part(g, from, width) || at < from || at - from >= width)
            return GENOM_EDATA;
        *ret = genom__grams_coded(g, genom__grams_code_at(g, place));
    }
    genom__dec_took(d, from, width, g->total);
    if (!listed && !get_recent(g, d, ret)) {
        int err = get_rest(g, d, context, ret);
        if (err)
            return err;
    }
    recent_pass(&g->recent, *ret);
    genom__grams_pass(g, genom__grams_code(g, *ret), listed, place);
    return 0;
}
