/*
 * plane.c: where tokens stand: on the ring, and by what they mean.
 *
 * Positions are spread evenly, so neighbours on the ring are neighbours by angle: left and right in
 * turn. Vectors are compared one after the other: they are few and small, and an index would be
 * larger than what it saves.
 */
#include "genom/inside.h"

unsigned genom_sector_count(const struct genom_dict *dict)
{
    return dict->arcs_count;
}

static uint32_t phase_of(const struct genom_dict *d, uint32_t position)
{
    uint64_t phase = ((uint64_t)position << 32) / d->count;
    return phase > UINT32_MAX ? UINT32_MAX : (uint32_t)phase;
}

bool genom_sector(const struct genom_dict *d, unsigned number, struct genom_sector *ret)
{
    if (number >= d->arcs_count)
        return false;
    uint32_t first = d->arcs[number].first, count = d->arcs[number].count;
    *ret = (struct genom_sector){
        .name = d->arcs[number].name,
        .quadrant = d->arcs[number].quadrant,
        .first = first,
        .count = count,
        .phase = phase_of(d, first),
        .width = phase_of(d, first + count) - phase_of(d, first),
    };
    return true;
}

uint32_t genom_ring(const struct genom_dict *d, uint32_t position)
{
    uint32_t id = position < d->count ? load32(d->ring + 4 * (size_t)position) : GENOM_NONE;
    return id < d->count ? id : GENOM_NONE;
}

uint32_t genom_at_phase(const struct genom_dict *d, uint32_t phase)
{
    uint32_t position = (uint32_t)(((uint64_t)phase * d->count + UINT32_MAX) >> 32);
    return phase_of(d, position) == phase ? genom_ring(d, position) : GENOM_NONE;
}

static double distance(const struct genom_dict *d, uint32_t phase, uint32_t position)
{
    uint32_t apart = phase - phase_of(d, position);
    return (apart > 1u << 31 ? 0 - apart : apart) / 2147483648.0;
}

size_t genom_near_phase(const struct genom_dict *d, uint32_t phase, struct genom_near *ret,
                        size_t max)
{
    /* The two that are next to it, and on from there. */
    uint32_t low = (uint32_t)((uint64_t)phase * d->count >> 32), high = (low + 1) % d->count;
    size_t count = 0;
    if (max > GENOM_NEAR_MAX)
        max = GENOM_NEAR_MAX;
    for (uint32_t looked = 0; count < max && looked < d->count; looked++) {
        bool below = distance(d, phase, low) <= distance(d, phase, high);
        uint32_t at = below ? low : high, id = genom_ring(d, at);
        if (id != GENOM_NONE)
            ret[count++] = (struct genom_near){id, distance(d, phase, at)};
        if (below)
            low = (low + d->count - 1) % d->count;
        else
            high = (high + 1) % d->count;
    }
    return count;
}

size_t genom_near_on_plane(const struct genom_dict *d, uint32_t id, struct genom_near *ret,
                           size_t max)
{
    if (id >= d->count)
        return 0;
    uint32_t at = load32(d->posn + 4 * (size_t)id) % d->count;
    size_t count = 0;
    if (max > GENOM_NEAR_MAX)
        max = GENOM_NEAR_MAX;
    for (uint32_t step = 1; count < max && step <= d->count / 2; step++) {
        uint32_t sides[2] = {(at + step) % d->count, (at + d->count - step) % d->count};
        for (unsigned i = 0; i < 2 && count < max; i++) {
            uint32_t near = genom_ring(d, sides[i]);
            if (near != GENOM_NONE)
                ret[count++] = (struct genom_near){near, 2.0 * step / d->count};
        }
    }
    return count;
}

/* --- Meaning -------------------------------------------------------------------------------- */

static const int8_t *vector_of(const struct genom_dict *d, uint32_t id)
{
    uint32_t low = 0, high = d->vec_rows;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (load32(d->vec_ids + 4 * (size_t)middle) < id)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == d->vec_rows || load32(d->vec_ids + 4 * (size_t)low) != id)
        return NULL;
    return d->vecs + (size_t)low * d->vec_dims;
}

static int32_t dot(const int8_t *a, const int8_t *b, uint32_t dims)
{
    int32_t sum = 0;
    for (uint32_t i = 0; i < dims; i++)
        sum += a[i] * b[i];
    return sum;
}

/* √x by Newton's steps: the library has no libm. */
static double root(double x)
{
    double r = x > 1 ? x : 1;
    for (int i = 0; i < 40 && r > 0; i++)
        r = (r + x / r) / 2;
    return r;
}

static double cosine(const struct genom_dict *d, const int8_t *a, const int8_t *b)
{
    double norms = root((double)dot(a, a, d->vec_dims) * dot(b, b, d->vec_dims));
    return dot(a, b, d->vec_dims) / norms;
}

bool genom_similarity(const struct genom_dict *d, uint32_t a, uint32_t b, double *ret_cosine)
{
    const int8_t *va = vector_of(d, a), *vb = vector_of(d, b);
    if (!va || !vb)
        return false;
    *ret_cosine = cosine(d, va, vb);
    return true;
}

/* Keeps the best of what is offered, best first; equals stay in order of id. */
static size_t keep(struct genom_near *near, size_t count, size_t max, struct genom_near one)
{
    size_t at = count;
    while (at > 0 && near[at - 1].distance < one.distance)
        at--;
    if (at == max)
        return count;
    if (count < max)
        count++;
    memmove(near + at + 1, near + at, (count - at - 1) * sizeof *near);
    near[at] = one;
    return count;
}

size_t genom_near_by_meaning(const struct genom_dict *d, uint32_t id, struct genom_near *ret,
                             size_t max)
{
    const int8_t *mine = id < d->count ? vector_of(d, id) : NULL;
    size_t count = 0;
    if (!mine)
        return 0;
    if (max > GENOM_NEAR_MAX)
        max = GENOM_NEAR_MAX;
    /* Rows are of about the same length: their products are in nearly the order of their cosines.
     * Only what could be among the best is measured exactly. */
    for (uint32_t row = 0; row < d->vec_rows && max > 0; row++) {
        const int8_t *theirs = d->vecs + (size_t)row * d->vec_dims;
        uint32_t other = load32(d->vec_ids + 4 * (size_t)row);
        double product = dot(mine, theirs, d->vec_dims) / (VEC_LENGTH * VEC_LENGTH);
        if (theirs == mine || other >= d->count ||
            (count == max && product + VEC_SLACK < ret[max - 1].distance))
            continue;
        count = keep(ret, count, max, (struct genom_near){other, cosine(d, mine, theirs)});
    }
    return count;
}
