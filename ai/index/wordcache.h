/*
 * wordcache.h: how many chunks hold a word, remembered for a while. Any thread; a lock inside.
 */
#ifndef AI_INDEX_WORDCACHE_H
#define AI_INDEX_WORDCACHE_H

#include "core/str.h"

struct ai_wordcache;
struct ai_wordcache *ai_wordcache_new(void);
void ai_wordcache_free(struct ai_wordcache *cache);
/* False when it is unknown or older than AI_LIMIT_WORD_COUNT_S at now_ms (monotonic). */
bool ai_wordcache_get(struct ai_wordcache *cache, struct core_str word, uint64_t now_ms,
                      int64_t *ret_chunks);
void ai_wordcache_put(struct ai_wordcache *cache, struct core_str word, uint64_t now_ms,
                      int64_t chunks);
void ai_wordcache_clear(struct ai_wordcache *cache);

#endif
