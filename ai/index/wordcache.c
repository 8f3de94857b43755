/*
 * wordcache.c: word counts (see wordcache.h). A table with one place per hash: a word that meets
 * another in its place replaces it. Keyed by the 64-bit hash alone; a collision would only give
 * one word the weight of another for a minute.
 */
#include "ai/index/wordcache.h"

#include "core/limits.h"
#include "core/mem.h"

#include <pthread.h>
#include <stdlib.h>

struct place {
    uint64_t hash;
    uint64_t put_ms;
    int64_t chunks; /* −1: empty */
};
struct ai_wordcache {
    pthread_mutex_t lock;
    struct place places[AI_LIMIT_WORD_COUNTS];
};

struct ai_wordcache *ai_wordcache_new(void)
{
    struct ai_wordcache *cache = core_alloc(sizeof *cache);
    pthread_mutex_init(&cache->lock, NULL);
    ai_wordcache_clear(cache);
    return cache;
}

void ai_wordcache_free(struct ai_wordcache *cache)
{
    if (!cache)
        return;
    pthread_mutex_destroy(&cache->lock);
    free(cache);
}

bool ai_wordcache_get(struct ai_wordcache *cache, struct core_str word, uint64_t now_ms,
                      int64_t *ret_chunks)
{
    uint64_t hash = core_str_hash(word);
    pthread_mutex_lock(&cache->lock);
    struct place place = cache->places[hash % AI_LIMIT_WORD_COUNTS];
    pthread_mutex_unlock(&cache->lock);
    if (place.chunks < 0 || place.hash != hash ||
        now_ms - place.put_ms > AI_LIMIT_WORD_COUNT_S * 1000u)
        return false;
    *ret_chunks = place.chunks;
    return true;
}

void ai_wordcache_put(struct ai_wordcache *cache, struct core_str word, uint64_t now_ms,
                      int64_t chunks)
{
    uint64_t hash = core_str_hash(word);
    pthread_mutex_lock(&cache->lock);
    cache->places[hash % AI_LIMIT_WORD_COUNTS] = (struct place){
        .hash = hash, .put_ms = now_ms, .chunks = chunks};
    pthread_mutex_unlock(&cache->lock);
}

void ai_wordcache_clear(struct ai_wordcache *cache)
{
    pthread_mutex_lock(&cache->lock);
    for (size_t i = 0; i < AI_LIMIT_WORD_COUNTS; i++)
        cache->places[i].chunks = -1;
    pthread_mutex_unlock(&cache->lock);
}
