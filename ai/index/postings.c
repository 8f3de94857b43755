/* postings.c: lists of postings, and BM25 (see postings.h). */
#include "ai/index/postings.h"

#include "ai/index/term.h"
#include "core/err.h"
#include "core/limits.h"
#include "core/mem.h"

#include <math.h>
#include <stdlib.h>

#define K1 1.2
#define B 0.75
/* A word in more than half of the chunks would weigh less than nothing. */
#define LEAST_RARITY 1e-6

enum { PLACES_FIRST = 1024, FIELD_WEIGHT = 2, TEXT_WEIGHT = 1, POSTING_MOST = 15 };

/* --- Making lists ----------------------------------------------------------------------------- */

void ai_postings_init(struct ai_postings *p)
{
    *p = (struct ai_postings){.place_count = PLACES_FIRST};
    p->places = core_alloc_array(p->place_count, sizeof *p->places);
}

void ai_postings_done(struct ai_postings *p)
{
    for (size_t i = 0; i < p->count; i++) {
        core_buf_done(&p->lists[i].data);
        free((char *)p->lists[i].term.ptr);
    }
    free(p->lists);
    free(p->places);
    free(p->touched);
    *p = (struct ai_postings){.count = 0};
}

/* Where the term is or would be. */
static size_t place_of(const struct ai_postings *p, struct core_str term)
{
    size_t at = (size_t)core_str_hash(term) & (p->place_count - 1);
    while (p->places[at] && !core_str_eq(p->lists[p->places[at] - 1].term, term))
        at = (at + 1) & (p->place_count - 1);
    return at;
}

static void grow_places(struct ai_postings *p)
{
    free(p->places);
    p->place_count *= 2;
    p->places = core_alloc_array(p->place_count, sizeof *p->places);
    for (size_t i = 0; i < p->count; i++)
        p->places[place_of(p, p->lists[i].term)] = (uint32_t)i + 1;
}

static int list_of(struct ai_postings *p, struct core_str term, uint32_t *ret)
{
    size_t place = place_of(p, term);
    if (!p->places[place]) {
        void *lists = p->lists;
        int err = core_grow(&lists, &p->cap, p->count, sizeof *p->lists, AI_LIMIT_CONTENT_TERMS);
        p->lists = lists;
        if (err)
            return err;
        struct ai_posting_list *list = &p->lists[p->count++];
        *list = (struct ai_posting_list){.term = core_str(core_strdup(term))};
        core_buf_init(&list->data, (size_t)AI_LIMIT_CHUNKS * POSTING_MOST);
        p->places[place] = (uint32_t)p->count;
        if (p->count * 2 > p->place_count)
            grow_places(p);
        place = place_of(p, term);
    }
    *ret = p->places[place] - 1;
    return 0;
}

static int add_field(struct ai_postings *p, struct core_str text, uint32_t weight, uint32_t *words)
{
    char word[AI_LIMIT_QUERY_WORD];
    size_t at = 0, len;
    while ((len = ai_term_word(text, &at, word)) > 0) {
        uint32_t list;
        len = ai_term_make(word, len);
        int err = len ? list_of(p, core_strn(word, len), &list) : 0;
        if (err)
            return err;
        ++*words;
        if (len == 0)
            continue;
        if (p->lists[list].weight == 0) {
            void *touched = p->touched;
            err = core_grow(&touched, &p->touched_cap, p->touched_count, sizeof *p->touched,
                            AI_LIMIT_CONTENT_TERMS);
            p->touched = touched;
            if (err)
                return err;
            p->touched[p->touched_count++] = list;
        }
        p->lists[list].weight += weight;
    }
    return 0;
}

static int put_varint(struct core_buf *out, uint32_t value)
{
    while (value >= 0x80) {
        core_buf_add_byte(out, (char)(0x80 | (value & 0x7f)));
        value >>= 7;
    }
    return core_buf_add_byte(out, (char)value);
}

int ai_postings_add(struct ai_postings *p, uint32_t number, const struct ai_index_chunk *chunk)
{
    uint32_t words = 0;
    int err = add_field(p, chunk->name, FIELD_WEIGHT, &words);
    if (err == 0)
        err = add_field(p, chunk->title, FIELD_WEIGHT, &words);
    if (err == 0)
        err = add_field(p, chunk->heading, FIELD_WEIGHT, &words);
    if (err == 0)
        err = add_field(p, chunk->text, TEXT_WEIGHT, &words);
    for (size_t i = 0; i < p->touched_count; i++) {
        struct ai_posting_list *list = &p->lists[p->touched[i]];
        put_varint(&list->data, number - list->last);
        put_varint(&list->data, list->weight);
        int full = put_varint(&list->data, words);
        err = err ? err : full;
        list->last = number;
        list->weight = 0;
        list->chunks++;
    }
    p->touched_count = 0;
    p->words += words;
    return err;
}

/* --- BM25 ------------------------------------------------------------------------------------- */

void ai_bm25_init(struct ai_bm25 *b, int64_t chunks, int64_t words)
{
    *b = (struct ai_bm25){.chunks = (double)chunks, .place_count = PLACES_FIRST};
    b->average = chunks > 0 && words > 0 ? (double)words / (double)chunks : 1;
    b->places = core_alloc_array(b->place_count, sizeof *b->places);
}

void ai_bm25_done(struct ai_bm25 *b)
{
    free(b->places);
    b->places = NULL;
}

double ai_bm25_rarity(const struct ai_bm25 *b, int64_t chunks)
{
    double held = (double)chunks, rarity = log((b->chunks - held + 0.5) / (held + 0.5));
    return rarity > LEAST_RARITY ? rarity : LEAST_RARITY;
}

/* Fibonacci hashing: ids of chunks follow each other. */
static struct ai_hit *hit_of(struct ai_hit *places, size_t count, int64_t id)
{
    size_t at = (size_t)((uint64_t)id * 0x9e3779b97f4a7c15u >> 20) & (count - 1);
    while (places[at].chunk_id && places[at].chunk_id != id)
        at = (at + 1) & (count - 1);
    return &places[at];
}

static int grow_hits(struct ai_bm25 *b)
{
    struct ai_hit *places = calloc(b->place_count * 2, sizeof *places);
    if (!places)
        return CORE_ENOMEM;
    for (size_t i = 0; i < b->place_count; i++)
        if (b->places[i].chunk_id)
            *hit_of(places, b->place_count * 2, b->places[i].chunk_id) = b->places[i];
    free(b->places);
    b->places = places;
    b->place_count *= 2;
    return 0;
}

static bool take_varint(struct core_str *from, uint32_t *ret)
{
    uint32_t value = 0;
    for (unsigned shift = 0; shift < 32 && from->len > 0; shift += 7) {
        unsigned char byte = (unsigned char)*from->ptr;
        *from = core_strn(from->ptr + 1, from->len - 1);
        value |= (uint32_t)(byte & 0x7f) << shift;
        if (byte < 0x80) {
            *ret = value;
            return true;
        }
    }
    return false;
}

int ai_bm25_add(struct ai_bm25 *b, double rarity, int64_t first, struct core_str list)
{
    uint32_t step, weight, words;
    int64_t id = first;
    while (take_varint(&list, &step) && take_varint(&list, &weight) && take_varint(&list, &words)) {
        double held = weight;
        double length = K1 * (1 - B + B * words / b->average);
        if (__builtin_add_overflow(id, step, &id) || id <= 0)
            return 0;
        struct ai_hit *hit = hit_of(b->places, b->place_count, id);
        if (!hit->chunk_id) {
            hit->chunk_id = id;
            if (++b->used * 2 > b->place_count) {
                int err = grow_hits(b);
                if (err)
                    return err;
                hit = hit_of(b->places, b->place_count, id);
            }
        }
        hit->score += (float)(rarity * held * (K1 + 1) / (held + length));
    }
    return 0;
}

void ai_bm25_offer(const struct ai_bm25 *b, struct ai_topk *top)
{
    for (size_t i = 0; i < b->place_count; i++)
        if (b->places[i].chunk_id)
            ai_topk_offer(top, b->places[i]);
}
