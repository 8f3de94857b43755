/*
 * cut.c: many pieces of a text at a time, as genom__cut_one() would cut them.
 *
 * A window of 64 bytes becomes bits (window.h), and these say where pieces begin and end as long as they
 * are easy: short words of ASCII in one of three casings, short numbers, single signs, runs of signs. An
 * easy piece is then looked up among the frequent forms, without a branch that depends on it; those that
 * are not frequent are looked up later, many at a time, so that the processor waits for memory once. What
 * is hard is left to genom__cut_one().
 */
#include "genom/cut.h"
#include "genom/window.h"

#define INLINE static inline __attribute__((always_inline))

/* An easy piece is at most so long, and so many bytes of it are read at once. */
#define EASY_MAX 16
/* Where the last piece of a window may end: one more byte tells whether it does. */
#define END_MAX (WINDOW - 2)

/* --- What a window holds -------------------------------------------------------------------- */

struct plan {
    uint64_t starts, ends;    /* of pieces; an end is the byte behind */
    uint64_t marks;           /* spaces that belong to the piece behind them */
    uint64_t named;           /* bytes of words and numbers */
    uint64_t capitals, twice; /* with another one behind */
    uint64_t tied;            /* ends of words with an apostrophe */
    uint64_t hard;            /* bytes whose piece is not easy, or not all in sight */
    uint64_t entry;           /* where cutting may go on behind a hard piece */
    unsigned behind;          /* pieces that end behind it are the next window's */
};

/* Bytes of words whose casing is none of the three. */
INLINE uint64_t plan_mixed(const struct window *w, uint64_t tie)
{
    uint64_t small = w->letters & ~w->capitals, two = w->capitals << 1 & w->capitals << 2;
    return (w->capitals & small << 1) | (small & two) | (w->capitals & tie << 1) | (tie & two);
}

/* The n-th bytes of stretches, n being 17 or 5. */
INLINE uint64_t plan_long(uint64_t bits, unsigned n)
{
    uint64_t found = bits & bits << 1;
    found &= found << 2;
    if (n > 5) {
        found &= found << 4;
        found &= found << 8;
    }
    return found & bits << (n - 1);
}

/* Runs of signs become pieces of more than one byte. */
INLINE void plan_runs(struct plan *p, const struct runs *runs, const char *win, uint64_t other,
                      uint64_t spaces)
{
    for (uint64_t left = other & other >> 1; left;) {
        unsigned at = (unsigned)__builtin_ctzll(left), lens = genom__run_lens(runs, win + at);
        left &= left - 1;
        if (lens == 0)
            continue;
        if (p->behind == END_MAX && at > END_MAX - RUN_MAX) {
            p->behind = at;
            p->hard |= UINT64_C(1) << at;
            return;
        }
        uint64_t with = win[at] == ' ' || win[at] == '\n' ? other : other & ~spaces;
        unsigned most = (unsigned)__builtin_ctzll(~(with >> at));
        unsigned len = genom__run(runs, win + at, lens, most);
        uint64_t inside = ((UINT64_C(1) << len) - 2) << at;
        p->starts &= ~inside;
        p->ends &= ~inside;
        left = left >> (at + len) << (at + len);
    }
}

/* valid: how many bytes of the window are text; first: its first byte is the text's. */
INLINE void plan_make(struct plan *p, const struct runs *runs, struct window *w, const char *win,
                      size_t valid, bool first)
{
    uint64_t beyond = valid < WINDOW ? UINT64_MAX << valid : 0;
    uint64_t tie = w->ties & w->letters << 1 & w->letters >> 1, run = w->letters | tie, other;
    w->odd &= ~beyond;
    p->behind = valid < END_MAX ? (unsigned)valid : END_MAX;
    p->marks = w->spaces & ~((w->white | beyond) >> 1) & ~(uint64_t)first;
    p->named = run | w->digits;
    p->capitals = w->capitals;
    p->twice = w->capitals & w->capitals >> 1;
    p->tied = (run + tie) & ~run;
    other = ~(p->named | p->marks | w->odd | beyond);
    p->starts = (run & ~(run << 1)) | (w->digits & ~(w->digits << 1)) | other;
    p->ends = (~run & run << 1) | (~w->digits & w->digits << 1) | other << 1;
    p->hard = w->odd | (w->odd >> 1 & run) | (w->odd >> 2 & w->ties >> 1 & run) |
              plan_mixed(w, tie) | plan_long(run, 17) | plan_long(w->digits, 5) | beyond |
              UINT64_C(3) << END_MAX;
    plan_runs(p, runs, win, other, w->spaces);
    p->entry = p->starts | p->marks | w->odd;
}

/* --- Pieces that are not frequent ----------------------------------------------------------- */

#define PENDING 64
struct pending {
    uint32_t piece[PENDING + WINDOW];
    unsigned count;
};

struct search {
    uint64_t form[2], hash;
    uint32_t id; /* that it may be */
};

/* The first EASY_MAX bytes at `at`, zeros behind the text, in the order of memory. */
static void read_easy(const struct cutter *c, size_t at, uint64_t ret[2])
{
    size_t left = c->len - at;
    if (left < EASY_MAX)
        ret[0] = ret[1] = 0;
    memcpy(ret, c->text + at, left < EASY_MAX ? left : EASY_MAX);
}

/* Letters of ASCII in lower case; other bytes stay. */
static void search_begin(const struct cutter *c, const struct genom_piece *piece, struct search *s)
{
    uint8_t first = (uint8_t)c->text[piece->at] | 0x20;
    uint64_t low = first >= 'a' && first <= 'z' ? 0x2020202020202020 : 0;
    read_easy(c, piece->at, s->form);
    s->form[0] = (s->form[0] | low) & genom__first_bytes[piece->len][0];
    s->form[1] = (s->form[1] | low) & genom__first_bytes[piece->len][1];
    s->hash = genom__hash_short(s->form, piece->len);
    __builtin_prefetch(c->dict->hash + 4 * (size_t)((uint32_t)s->hash & c->dict->hash_mask));
}

/* The first slot that is empty or may be the form's. */
static void search_slot(const struct genom_dict *dict, struct search *s)
{
    uint32_t tag = (uint32_t)(s->hash >> 52), at = (uint32_t)s->hash, slot;
    for (uint32_t n = 0; n <= dict->hash_mask; n++, at++) {
        slot = load32(dict->hash + 4 * (size_t)(at & dict->hash_mask));
        if (slot == UINT32_MAX || slot >> 20 == tag)
            break;
    }
    s->id = slot == UINT32_MAX ? GENOM_NONE : slot & 0xfffff;
    if (s->id < dict->count) {
        __builtin_prefetch(dict->offs + 4 * (size_t)s->id);
        __builtin_prefetch(dict->kind + s->id);
    }
}

static void search_form(const struct genom_dict *dict, const struct search *s)
{
    if (s->id < dict->count) {
        uint32_t from = load32(dict->offs + 4 * (size_t)s->id);
        if (from < dict->strs_len)
            __builtin_prefetch(dict->strs + from);
    }
}

/* Most are what their slot says. */
static void search_end(const struct genom_dict *dict, const struct search *s,
                       struct genom_piece *piece)
{
    uint32_t id = s->id;
    if (id != GENOM_NONE && !genom__form_is(dict, id, s->form, piece->len))
        id = genom__lookup_short(dict, s->hash, s->form, piece->len);
    piece->id = id;
    piece->cls = id == GENOM_NONE ? GENOM_WORD : (uint8_t)genom__class(dict, id);
    piece->casing = id == GENOM_NONE ? 0 : piece->casing;
}

/* Each step brings in what the next one reads. */
static void find_pending(const struct cutter *c, struct pending *pending)
{
    struct search searches[PENDING + WINDOW];
    for (unsigned i = 0; i < pending->count; i++)
        search_begin(c, &c->out[pending->piece[i]], &searches[i]);
    for (unsigned i = 0; i < pending->count; i++)
        search_slot(c->dict, &searches[i]);
    for (unsigned i = 0; i < pending->count; i++)
        search_form(c->dict, &searches[i]);
    for (unsigned i = 0; i < pending->count; i++)
        search_end(c->dict, &searches[i], &c->out[pending->piece[i]]);
    pending->count = 0;
}

/* --- Cutting -------------------------------------------------------------------------------- */

INLINE unsigned first_bit(uint64_t bits, unsigned from)
{
    return (unsigned)__builtin_ctzll(bits >> from << from);
}

/* The easy pieces from `pos` on, up to a hard one; returns where that is. */
INLINE unsigned cut_easy(struct cutter *c, struct plan *p, const char *win, unsigned pos,
                         struct pending *pending)
{
    const struct hot *hots = c->dict->hot;
    struct genom_piece *o = c->out + c->count, *const full = c->out + c->max;
    uint32_t base = (uint32_t)c->at, count = (uint32_t)c->count;
    uint64_t from = p->starts >> pos << pos, to = p->ends >> pos >> 1 << 1 << pos;
    uint64_t marked = p->marks << 1;
    unsigned end = pos, waiting = pending->count;
    for (to &= (UINT64_C(2) << first_bit(p->hard, pos)) - 1; to && o < full; to &= to - 1) {
        unsigned s = (unsigned)__builtin_ctzll(from), e = (unsigned)__builtin_ctzll(to);
        uint64_t low = (0 - (p->named >> s & 1)) & 0x2020202020202020, a, b;
        memcpy(&a, win + s, 8);
        memcpy(&b, win + s + 8, 8);
        a = (a | low) & genom__first_bytes[e - s][0];
        b = (b | low) & genom__first_bytes[e - s][1];
        const struct hot *hot = &hots[genom__hot_at(a, b)];
        uint64_t miss = ((hot->a ^ a) | (hot->b ^ b)) != 0;
        if (miss & p->tied >> e) {
            p->hard |= UINT64_C(1) << s; /* how it is cut depends on what is a word */
            break;
        }
        *o = hot->piece;
        o->at = base + s;
        o->len = (uint8_t)(e - s);
        o->casing = (uint8_t)((p->capitals >> s & 1) << (p->twice >> s & 1));
        o++->space = (uint8_t)(marked >> s & 1);
        pending->piece[waiting] = count++;
        waiting += (unsigned)miss;
        from &= from - 1;
        end = e;
    }
    pending->count = waiting;
    c->count = count;
    return end;
}

/* A window's pieces; moves the cursor behind them. */
INLINE void cut_window(struct cutter *c, struct plan *p, const char *win, struct pending *pending)
{
    size_t base = c->at;
    unsigned pos = 0;
    for (;;) {
        pos = cut_easy(c, p, win, pos, pending);
        c->at = base + pos;
        if (c->count == c->max || (pos > 0 && first_bit(p->hard, pos) >= p->behind))
            return;
        genom__cut_one(c);
        if (c->at - base >= p->behind || c->count == c->max)
            return;
        pos = (unsigned)(c->at - base);
        if (!(p->entry >> pos & 1))
            return;
        c->at = base;
    }
}

INLINE void cut(struct cutter *c, void (*look)(const char *, struct window *))
{
    struct pending pending;
    struct window w;
    struct plan plan;
    char last[WINDOW + EASY_MAX];
    pending.count = 0;
    while (c->at < c->len && c->count < c->max) {
        const char *win = c->text + c->at;
        size_t left = c->len - c->at;
        if (left < sizeof last) {
            memset(last, 0, sizeof last);
            win = memcpy(last, win, left);
        }
        look(win, &w);
        plan_make(&plan, &c->dict->runs, &w, win, left, c->at == 0);
        cut_window(c, &plan, win, &pending);
        if (pending.count >= PENDING)
            find_pending(c, &pending);
    }
    find_pending(c, &pending);
}

void genom__cut_bytes(struct cutter *c)
{
    cut(c, window_bytes);
}

#ifdef __SSE2__
void genom__cut_sse2(struct cutter *c)
{
    cut(c, window_sse2);
}

WINDOW_AVX2 void genom__cut_avx2(struct cutter *c)
{
    cut(c, window_avx2);
}

genom__cut *genom__cut_best(void)
{
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2") ? genom__cut_avx2
                                                                            : genom__cut_sse2;
}
#else
genom__cut *genom__cut_best(void)
{
    return genom__cut_bytes;
}
#endif
