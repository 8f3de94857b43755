/*
 * centroid.c: where a text stands on the plane: the mean of the points of its tokens. Angles become
 * coordinates and back by CORDIC (Volder 1959), in integers: the library has no libm, and the
 * result is the same on every machine.
 */
#include "genom/inside.h"

#define CHUNK 256
#define STEPS 31
/* The product of cos(arctan(2^-i)), and 1, of 2^30. */
#define SHRINKS 652032874
#define ONE (INT64_C(1) << 30)
#define QUARTER (UINT32_C(1) << 30)
/* r in these: 1 + info / (1024 · 100) is whole. */
#define RADIUS 102400

/* arctan(2^-i) in parts of the turn, of 2^32. */
static const int32_t arctan[STEPS] = {
    536870912, 316933406, 167458907, 85004756, 42667331, 21354465, 10679838, 5340245,
    2670163,   1335087,   667544,    333772,   166886,   83443,    41722,    20861,
    10430,     5215,      2608,      1304,     652,      326,      163,      81,
    41,        20,        10,        5,        3,        1,        1,
};

struct vector {
    int64_t x, y;
};

/* By a step of CORDIC, to the left or to the right. */
static struct vector turned(struct vector v, unsigned step, bool left)
{
    int64_t x = v.x >> step, y = v.y >> step;
    return left ? (struct vector){v.x - y, v.y + x} : (struct vector){v.x + y, v.y - x};
}

/* e^(iθ), of ONE. */
static struct vector of_phase(uint32_t phase)
{
    struct vector v = {SHRINKS, 0};
    uint32_t quarter = (phase + QUARTER / 2) /
                       QUARTER; /* what is left is at most an eighth of the turn */
    int32_t left = (int32_t)(phase - quarter * QUARTER);
    for (unsigned i = 0; i < STEPS; i++) {
        bool positive = left >= 0;
        v = turned(v, i, positive);
        left += positive ? -arctan[i] : arctan[i];
    }
    for (; quarter % 4 > 0; quarter--)
        v = (struct vector){-v.y, v.x};
    return v;
}

/* θ of a vector; *ret_length gets its length, in units that are 1 / SHRINKS of its own. */
static uint32_t phase_of(struct vector v, int64_t *ret_length)
{
    uint32_t phase = 0;
    if (v.x < 0) {
        v = (struct vector){-v.x, -v.y};
        phase = 2 * QUARTER;
    }
    for (unsigned i = 0; i < STEPS; i++) {
        bool above = v.y > 0;
        v = turned(v, i, !above);
        phase += (uint32_t)(above ? arctan[i] : -arctan[i]);
    }
    *ret_length = v.x;
    return phase;
}

/* The products are whole and below 2^53: their sums do not depend on the machine. */
static bool add_token(const struct genom_dict *dict, uint32_t id, double *re, double *im)
{
    struct genom_token token;
    if (!genom_token(dict, id, &token))
        return false;
    struct vector v = of_phase(token.phase);
    int64_t r = RADIUS + (int64_t)load16(dict->info + 2 * (size_t)id);
    *re += (double)(v.x * r);
    *im += (double)(v.y * r);
    return true;
}

static unsigned arc_at(const struct genom_dict *dict, uint32_t phase)
{
    uint32_t position = (uint32_t)((uint64_t)phase * dict->count >> 32);
    for (unsigned i = 0; i < dict->arcs_count; i++)
        if (position >= dict->arcs[i].first && position - dict->arcs[i].first < dict->arcs[i].count)
            return i;
    return 0;
}

bool genom_centroid(const struct genom_dict *dict, const char *text, size_t len,
                    struct genom_point *ret)
{
    struct genom_piece pieces[CHUNK];
    double re = 0, im = 0;
    size_t at = 0, tokens = 0, n;
    int64_t length;
    while ((n = genom_pieces(dict, text, len, &at, pieces, CHUNK)) > 0)
        for (size_t i = 0; i < n; i++)
            tokens += add_token(dict, pieces[i].id, &re, &im);
    if (tokens == 0)
        return false;
    re /= (double)tokens * RADIUS;
    im /= (double)tokens * RADIUS;
    /* More bits than the mean has: near the middle it is short. */
    uint32_t phase = phase_of((struct vector){(int64_t)(re * ONE), (int64_t)(im * ONE)}, &length);
    unsigned arc = arc_at(dict, phase);
    *ret = (struct genom_point){
        .re = re / ONE,
        .im = im / ONE,
        .r = (double)length * ((double)SHRINKS / ONE) / ((double)ONE * ONE),
        .phase = phase,
        .theta = phase * (6.283185307179586 / 4294967296.0),
        .sector = dict->arcs[arc].name,
        .quadrant = dict->arcs[arc].quadrant,
        .tokens = tokens,
    };
    return true;
}
