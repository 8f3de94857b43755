/*
 * cut.c: many pieces of a text at a time, as genom__cut_one() would cut them.
 *
 * A window of 64 bytes becomes bits, and these say where pieces begin and end as long as they are
 * easy (plan.h). An easy piece is then looked up among the frequent forms, without a branch that depends on
 * it; those that are not frequent are looked up later, many at a time, so that the processor waits
 * for memory once. What is hard is left to genom__cut_one().
 */
#include "genom/cut.h"
#include "genom/plan.h"

/* --- Pieces that are not frequent ----------------------------------------------------------- */

#define PENDING 64
struct pending {
    uint32_t piece[PENDING + WINDOW + 8]; /* eight are written where one is added */
    unsigned count;
};

struct search {
    uint64_t form[2], hash;
    uint32_t id; /* that it may be */
};

/* Letters of ASCII in lower case; other bytes stay. */
static void search_begin(const struct cutter *c, const struct genom_piece *piece, struct search *s)
{
    const char *text = c->text + piece->at;
    uint8_t first = (uint8_t)text[0] | 0x20;
    uint64_t low = first >= 'a' && first <= 'z' ? 0x2020202020202020 : 0, form[2] = {0};
    if (c->len - piece->at >= EASY_MAX)
        memcpy(form, text, EASY_MAX);
    else
        memcpy(form, text, piece->len);
    s->form[0] = (form[0] | low) & genom__first_bytes[piece->len][0];
    s->form[1] = (form[1] | low) & genom__first_bytes[piece->len][1];
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

/* Tables and bars are drawn with U+2500 to U+25FF, one of them many times: what stands behind a
 * piece of such is cut as it was while it is three or more of the same. */
static void cut_again(struct cutter *c)
{
    struct genom_piece piece = c->out[c->count - 1];
    const char *sign = c->text + piece.at;
    if (piece.len < 3 || sign[0] != '\xe2' || sign[1] < '\x94' || sign[1] > '\x97')
        return;
    piece.space = false;
    for (; c->count < c->max && c->len - c->at >= 9 && !memcmp(sign, sign + 3, piece.len + 6);
         sign += piece.len) {
        piece.at = (uint32_t)c->at;
        c->out[c->count++] = piece;
        c->at += piece.len;
    }
}

typedef unsigned cut_easy_fn(struct cutter *c, struct plan *p, const char *win, unsigned pos,
                             struct pending *pending);

/* A window's pieces; moves the cursor behind them. */
INLINE void cut_window(struct cutter *c, struct plan *p, const char *win, struct pending *pending,
                       cut_easy_fn *easy)
{
    size_t base = c->at;
    unsigned pos = 0;
    for (;;) {
        pos = easy(c, p, win, pos, pending);
        c->at = base + pos;
        if (c->count == c->max || (pos > 0 && first_bit(p->hard, pos) >= p->behind))
            return;
        genom__cut_one(c);
        cut_again(c);
        if (c->at - base >= p->behind || c->count == c->max)
            return;
        pos = (unsigned)(c->at - base);
        if (!(p->entry >> pos & 1))
            return;
        c->at = base;
    }
}

INLINE void cut(struct cutter *c, void (*look)(const char *, struct window *), cut_easy_fn *easy)
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
        cut_window(c, &plan, win, &pending, easy);
        if (pending.count >= PENDING)
            find_pending(c, &pending);
    }
    find_pending(c, &pending);
}

void genom__cut_bytes(struct cutter *c)
{
    cut(c, window_bytes, cut_easy);
}

#ifdef __SSE2__
void genom__cut_sse2(struct cutter *c)
{
    cut(c, window_sse2, cut_easy);
}

WINDOW_AVX2 void genom__cut_avx2(struct cutter *c)
{
    cut(c, window_avx2, cut_easy);
}

/* --- Eight pieces at a time ----------------------------------------------------------------- */

#define LANES 8

static const uint8_t numbers[WINDOW] = {
    0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21,
    22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43,
    44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63,
};

/* genom__hot_at() */
WINDOW_AVX512 static inline __m512i eight_hot_at(__m512i a, __m512i b)
{
    __m512i mixed = _mm512_xor_si512(a, _mm512_rol_epi64(b, 23));
    mixed = _mm512_mullo_epi64(mixed, _mm512_set1_epi64((long long)HOT_MIX));
    return _mm512_srli_epi64(mixed, 64 - HOT_BITS);
}

/* Two entries side by side. */
WINDOW_AVX512 static inline __m512i eight_pair(const struct hot *low, const struct hot *high)
{
    __m256i half = _mm256_loadu_si256((const __m256i *)(const void *)high);
    return _mm512_inserti64x4(
        _mm512_castsi256_si512(_mm256_loadu_si256((const __m256i *)(const void *)low)), half, 1);
}

/* id to space of the frequent forms among a, b; *ret_miss says which are not. Whole entries are
 * loaded and turned: a gather of each of their parts takes several times as long, and nothing else
 * goes on beside it. */
WINDOW_AVX512 static inline __m512i eight_look(const struct hot *hots, __m512i a, __m512i b,
                                               unsigned *ret_miss)
{
    _Static_assert(sizeof(struct hot) == 32 && offsetof(struct hot, b) == 8 &&
                       offsetof(struct hot, piece) == 16,
                   "a load is an entry");
    const __m512i first = _mm512_set_epi64(13, 12, 5, 4, 9, 8, 1, 0);
    const __m512i second = _mm512_set_epi64(15, 14, 7, 6, 11, 10, 3, 2);
    uint64_t at[LANES];
    _mm512_storeu_si512(at, eight_hot_at(a, b));
    __m512i e04 = eight_pair(hots + at[0], hots + at[4]);
    __m512i e15 = eight_pair(hots + at[1], hots + at[5]);
    __m512i e26 = eight_pair(hots + at[2], hots + at[6]);
    __m512i e37 = eight_pair(hots + at[3], hots + at[7]);
    __m512i low = _mm512_unpacklo_epi64(e04, e15), high = _mm512_unpacklo_epi64(e26, e37);
    __m512i found_a = _mm512_permutex2var_epi64(low, first, high);
    __m512i found_b = _mm512_permutex2var_epi64(_mm512_unpackhi_epi64(e04, e15), first,
                                                _mm512_unpackhi_epi64(e26, e37));
    *ret_miss = _mm512_cmpneq_epi64_mask(found_a, a) | _mm512_cmpneq_epi64_mask(found_b, b);
    return _mm512_permutex2var_epi64(low, second, high);
}

/* Eight bytes of each form, permuted out of the window: those at `steps` as far as the form
 * goes. */
WINDOW_AVX512 static inline __m512i eight_form(__m512i window, __m512i at, __m512i len,
                                               __m512i steps)
{
    const __m512i spread = _mm512_set4_epi64(0x0808080808080808, 0, 0x0808080808080808, 0);
    __mmask64 mine = _mm512_cmplt_epu8_mask(steps, _mm512_shuffle_epi8(len, spread));
    __m512i from = _mm512_add_epi8(_mm512_shuffle_epi8(at, spread), steps);
    return _mm512_maskz_permutexvar_epi8(mine, from, window);
}

/* struct genom_piece from two parts, id to space and where it is: the first n. */
WINDOW_AVX512 static inline void eight_store(struct genom_piece *out, unsigned n, __m512i piece,
                                             __m256i at)
{
    _Static_assert(offsetof(struct genom_piece, len) == 4 && offsetof(struct genom_piece, at) == 8,
                   "the order of the lanes");
    const __m512i low = _mm512_set_epi32(10, 20, 9, 8, 19, 7, 6, 18, 5, 4, 17, 3, 2, 16, 1, 0);
    const __m512i high = _mm512_set_epi32(0, 0, 0, 0, 0, 0, 0, 0, 23, 15, 14, 22, 13, 12, 21, 11);
    __m512i both = _mm512_castsi256_si512(at);
    uint32_t words = (1u << 3 * n) - 1;
    _mm512_mask_storeu_epi32(out, (__mmask16)words, _mm512_permutex2var_epi32(piece, low, both));
    _mm512_mask_storeu_epi32((uint32_t *)(void *)out + 16, (__mmask16)(words >> 16),
                             _mm512_permutex2var_epi32(piece, high, both));
}

/* Where eight pieces begin and end in the window, which
 * is in lower case; bits for their casing and spaces. */
struct eight {
    const uint8_t *starts, *ends;
    uint32_t base; /* of the window */
    uint8_t title, upper, space;
};

/* Writes the first n; returns the bits of those that are not frequent.
 * Vectors stay in registers, no part of a struct and not pointed to: gcc 12
 * aligns none where the address sanitizer keeps its frames. */
WINDOW_AVX512 static inline unsigned eight_cut(const struct hot *hots, __m512i window,
                                               const struct eight *e, unsigned n,
                                               struct genom_piece *out)
{
    const __m512i casing = _mm512_set1_epi64(INT64_C(1) << 48);
    __m512i at = _mm512_cvtepu8_epi64(_mm_loadl_epi64((const __m128i *)(const void *)e->starts));
    __m512i len = _mm512_cvtepu8_epi64(_mm_loadl_epi64((const __m128i *)(const void *)e->ends));
    len = _mm512_sub_epi64(len, at);
    __m512i a = eight_form(window, at, len, _mm512_set1_epi64(0x0706050403020100));
    __m512i b = eight_form(window, at, len, _mm512_set1_epi64(0x0f0e0d0c0b0a0908));
    unsigned miss;
    __m512i piece = eight_look(hots, a, b, &miss);
    piece = _mm512_mask_blend_epi8(0x1010101010101010, piece, _mm512_slli_epi64(len, 32));
    piece = _mm512_mask_add_epi64(piece, e->title, piece, casing);
    piece = _mm512_mask_add_epi64(piece, e->upper, piece, casing);
    piece = _mm512_mask_add_epi64(piece, e->space, piece, _mm512_slli_epi64(casing, 8));
    eight_store(out, n, piece,
                _mm256_add_epi32(_mm512_cvtepi64_epi32(at), _mm256_set1_epi32((int)e->base)));
    return miss & ((1u << n) - 1);
}

WINDOW_AVX512 static inline void eight_wait(unsigned miss, uint32_t count, struct pending *pending)
{
    __m256i index = _mm256_add_epi32(_mm256_set_epi32(7, 6, 5, 4, 3, 2, 1, 0),
                                     _mm256_set1_epi32((int)count));
    _mm256_storeu_si256((__m256i *)(void *)(pending->piece + pending->count),
                        _mm256_maskz_compress_epi32((__mmask8)miss, index));
    pending->count += (unsigned)__builtin_popcount(miss);
}

/* cut_easy() */
WINDOW_AVX512 static inline unsigned cut_easy_avx512(struct cutter *c, struct plan *p,
                                                     const char *win, unsigned pos,
                                                     struct pending *pending)
{
    uint8_t starts[WINDOW], ends[WINDOW];
    uint64_t from = p->starts >> pos << pos, to = p->ends >> pos >> 1 << 1 << pos;
    to &= (UINT64_C(2) << first_bit(p->hard, pos)) - 1;
    uint64_t title = _pext_u64(p->capitals, from), upper = _pext_u64(p->twice, from);
    uint64_t space = _pext_u64(p->marks << 1, from), tied = _pext_u64(p->tied, to);
    __m512i window = _mm512_loadu_si512(win), places = _mm512_loadu_si512(numbers);
    window = _mm512_mask_add_epi8(window, p->capitals, window, _mm512_set1_epi8(0x20));
    _mm512_storeu_si512(starts, _mm512_maskz_compress_epi8(from, places));
    _mm512_storeu_si512(ends, _mm512_maskz_compress_epi8(to, places));
    size_t todo = (size_t)__builtin_popcountll(to), room = c->max - c->count;
    if (todo > room)
        todo = room;
    for (size_t done = 0; done < todo; done += LANES) {
        struct eight e = {starts + done,
                          ends + done,
                          (uint32_t)c->at,
                          (uint8_t)(title >> done),
                          (uint8_t)(upper >> done),
                          (uint8_t)(space >> done)};
        unsigned n = todo - done < LANES ? (unsigned)(todo - done) : LANES;
        unsigned miss = eight_cut(c->dict->hot, window, &e, n, c->out + c->count);
        unsigned unsure = miss & (unsigned)(tied >> done);
        if (unsure) { /* how it is cut depends on what is a word */
            n = (unsigned)__builtin_ctz(unsure);
            miss &= (1u << n) - 1;
            p->hard |= UINT64_C(1) << starts[done + n];
            todo = done + n;
        }
        eight_wait(miss, (uint32_t)c->count, pending);
        c->count += n;
    }
    return todo > 0 ? ends[todo - 1] : pos;
}

WINDOW_AVX512 void genom__cut_avx512(struct cutter *c)
{
    cut(c, window_avx512, cut_easy_avx512);
}

genom__cut *genom__cut_best(void)
{
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512vbmi2") && __builtin_cpu_supports("avx512dq"))
        return genom__cut_avx512;
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2") ? genom__cut_avx2
                                                                            : genom__cut_sse2;
}
#else
genom__cut *genom__cut_best(void)
{
    return genom__cut_bytes;
}
#endif
