/*
 * sentence_vector.c: see sentence_vector.h.
 */
#include "ai/find/sentence_vector.h"

#include "ai/text/text.h"
#include "core/limits.h"

#include <math.h>

size_t ai_sentence_parts_add(struct ai_sentence_parts *p, struct core_str chunk,
                             const size_t (*windows)[2], size_t window_count, size_t first_text,
                             size_t lead)
{
    size_t sentences = 0;
    /* Parts are sorted by window; few windows and few sentences make the double loop cheap. */
    for (size_t w = 0; w < window_count; w++) {
        struct ai_sentences it;
        struct ai_sentence s;
        ai_sentences_init(&it, chunk);
        for (unsigned i = 0; i < AI_LIMIT_CHUNK_SENTENCES && ai_sentences_next(&it, &s); i++) {
            size_t start = s.start > windows[w][0] ? s.start : windows[w][0];
            size_t end = s.end < windows[w][1] ? s.end : windows[w][1];
            sentences = i + 1;
            if (start >= end || p->count == p->cap)
                continue;
            p->sentence[p->count] = i;
            p->parts[p->count++] = (struct ai_embed_part){.text = first_text + w,
                                                          .start = lead + start - windows[w][0],
                                                          .end = lead + end - windows[w][0]};
        }
    }
    return sentences;
}

void ai_sentence_vectors_pack(const float *sums, size_t count, unsigned dimensions,
                              unsigned char *ret_blob)
{
    for (size_t i = 0; i < count; i++) {
        const float *row = sums + i * dimensions;
        float most = 0;
        for (unsigned j = 0; j < dimensions; j++)
            most = fmaxf(most, fabsf(row[j]));
        float scale = most > 0 && isfinite(most) ? 127 / most : 0;
        for (unsigned j = 0; j < dimensions; j++)
            ret_blob[i * dimensions + j] = scale > 0
                                               ? (unsigned char)(signed char)lrintf(row[j] * scale)
                                               : 0;
    }
}

bool ai_sentence_vectors_fit(struct core_str blob, unsigned dimensions, struct core_str chunk)
{
    struct ai_sentences it;
    struct ai_sentence s;
    size_t count = 0;
    ai_sentences_init(&it, chunk);
    while (count < AI_LIMIT_CHUNK_SENTENCES && ai_sentences_next(&it, &s))
        count++;
    return blob.len == count * dimensions;
}

bool ai_sentence_vectors_cosine(struct core_str blob, unsigned dimensions, size_t row,
                                const float *query, float *ret)
{
    if (blob.len % dimensions || row >= blob.len / dimensions)
        return false;
    const signed char *at = (const signed char *)blob.ptr + row * dimensions;
    int square = 0; /* ≤ 127² × AI_LIMIT_DIMENSIONS */
    float dot = 0;
    for (unsigned j = 0; j < dimensions; j++) {
        dot += query[j] * (float)at[j];
        square += at[j] * at[j];
    }
    if (square == 0)
        return false;
    *ret = dot / sqrtf((float)square);
    return true;
}
