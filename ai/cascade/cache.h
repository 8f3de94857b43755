/*
 * cache.h: L0, answers given before. Room only; pool threads unless noted.
 *
 * Everything is in the store and read from there, so an entry that left in a learner's batch can
 * not be served after that batch was acknowledged, and nothing needs a lock.
 */
#ifndef AI_CASCADE_CACHE_H
#define AI_CASCADE_CACHE_H

#include "ai/find/passage.h"

/* Raised when a question is answered otherwise by the same documents: what was kept before is not
 * found any more, and makes room as others come. */
#define AI_ANSWER_VERSION 5

/* What besides the question decides an answer. */
struct ai_cache_scope {
    enum ai_ask_mode mode;
    struct core_str owner;
    const char *model;
    unsigned level_max;
    struct core_str context; /* the earlier question this one leans on, or empty */
    struct core_str prompt;  /* what a model would be told; empty: none can be asked */
};
struct ai_cache_key {
    unsigned char key[32], scope[32];
};
/* `question`: ai_guard_normalise()d. */
void ai_cache_key(const struct ai_cache_scope *scope, struct core_str question,
                  struct ai_cache_key *ret);

struct ai_cache_entry {
    char id[CORE_ID_SIZE];
    struct core_str text;
    bool answered, generated; /* generated: a model wrote it */
    double confidence;
    struct ai_citation *sources;
    size_t source_count;
};
/* CORE_ENOTFOUND: no entry, or one whose sources can not be shown any more. Strings live in
 * pool. */
int ai_cache_exact(struct ai *ai, const struct ai_cache_key *key, struct core_pool *pool,
                   struct ai_cache_entry *ret);
/* The nearest entry of the scope that the guard takes for the same question. */
int ai_cache_near(struct ai *ai, const struct ai_cache_key *key, struct core_str question,
                  const char *model, const float *vector, unsigned dimensions,
                  struct core_pool *pool, struct ai_cache_entry *ret);

/* Counts learned additions; read it before looking for an answer. */
int ai_cache_generation(struct ai *ai, char *ret, size_t cap);

struct ai_cache_new {
    const struct ai_cache_key *key;
    struct core_str owner;              /* whose it is */
    struct core_str question;           /* as asked */
    const struct ai_cache_entry *entry; /* id filled */
    const char *generation;
    const char *model; /* embedding model of vector, or NULL */
    const float *vector;
    unsigned dimensions;
};
/* Statements that put the entry, unless a source left or (for a refusal) something was learned
 * since. Any thread. */
void ai_cache_put(struct store_batch *batch, const struct core_env *env,
                  const struct ai_cache_new *entry);
void ai_cache_drop(struct store_batch *batch, struct core_str cache_id);

#endif
