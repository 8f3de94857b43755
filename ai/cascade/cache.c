/*
 * cache.c: L0. An entry is found by the hash of everything that decides the answer, or, within the
 * same scope, by the vector of its question, if the guard agrees.
 *
 *     cache (owner, key_hash, scope_hash, question, answer JSON, vector)      cache_source (content → entry)
 *
 * The answer JSON names contents and offsets; document names are looked up when it is served, so a
 * moved document shows its present path.
 */
#include "ai/cascade/cache.h"

#include "ai/guard/guard.h"
#include "core/crypto.h"
#include "core/err.h"
#include "core/json.h"

#include <stdio.h>

#define GENERATION "knowledge_generation"

/* --- Keys ----------------------------------------------------------------------------------- */

/* Each part is preceded by its length, so that parts can not be shifted into one another. */
static void hash_part(struct core_sha256 *h, struct core_str part)
{
    char len[24];
    int n = snprintf(len, sizeof len, "%zu:", part.len);
    core_sha256_add(h, core_strn(len, (size_t)n));
    core_sha256_add(h, part);
}

void ai_cache_key(const struct ai_cache_scope *scope, struct core_str question,
                  struct ai_cache_key *ret)
{
    char numbers[40];
    int n = snprintf(numbers, sizeof numbers, "%d,%u,%d", (int)scope->mode, scope->level_max,
                     AI_ANSWER_VERSION);
    struct core_sha256 *h = core_sha256_new();
    hash_part(h, core_strn(numbers, (size_t)n));
    hash_part(h, scope->owner);
    hash_part(h, core_str(scope->model));
    hash_part(h, scope->context);
    hash_part(h, scope->prompt);
    core_sha256_end(h, ret->scope);
    h = core_sha256_new();
    core_sha256_add(h, core_strn(ret->scope, sizeof ret->scope));
    hash_part(h, question);
    core_sha256_end(h, ret->key);
}

/* --- Reading -------------------------------------------------------------------------------- */

struct row {
    struct core_pool *pool;
    struct core_str id, answer;
    bool answered, found;
};

static int on_row(void *arg, const struct store_row *row)
{
    struct row *r = arg;
    r->id = core_pool_str(r->pool, store_row_str(row, 0));
    r->answer = core_pool_str(r->pool, store_row_str(row, 1));
    r->answered = store_row_i64(row, 2) != 0;
    r->found = r->id.ptr && r->answer.ptr;
    return 1;
}

struct name {
    struct core_pool *pool;
    struct ai_source *source;
    bool found;
};

static int on_name(void *arg, const struct store_row *row)
{
    struct name *n = arg;
    n->source->document_id = core_pool_str(n->pool, store_row_str(row, 0));
    n->source->document = core_pool_str(n->pool, store_row_str(row, 1));
    n->found = n->source->document_id.ptr && n->source->document.ptr;
    return 1;
}

static struct core_str json_str(core_json object, const char *key)
{
    struct core_str s = core_strn("", 0);
    core_json_str(core_json_get(object, key), &s);
    return s;
}

static int read_source(struct ai *ai, core_json v, struct core_pool *pool, struct ai_citation *ret)
{
    struct ai_source *s = &ret->source;
    ret->content_id = core_pool_str(pool, json_str(v, "content"));
    s->title = core_pool_str(pool, json_str(v, "title"));
    s->location = core_pool_str(pool, json_str(v, "location"));
    s->quote = core_pool_str(pool, json_str(v, "quote"));
    core_json_i64(core_json_get(v, "start"), &s->start);
    core_json_i64(core_json_get(v, "end"), &s->end);
    core_json_double(core_json_get(v, "score"), &s->score);
    if (!ret->content_id.ptr || !s->title.ptr || !s->location.ptr || !s->quote.ptr)
        return CORE_ENOMEM;
    struct name name = {pool, s, false};
    const struct store_value id = STORE_T(ret->content_id);
    int e = store_read(ai->store,
                       "SELECT id, name FROM document WHERE content_id = $1 ORDER BY name LIMIT 1",
                       &id, 1, on_name, &name);
    if (e < 0)
        return e;
    return name.found ? 0 : CORE_ENOTFOUND;
}

static int read_entry(struct ai *ai, const struct row *row, struct core_pool *pool,
                      struct ai_cache_entry *ret)
{
    struct core_json_doc *doc = NULL;
    int e = core_json_parse(row->answer, &doc, NULL, 0);
    if (e < 0)
        return CORE_ENOTFOUND;
    core_json root = core_json_root(doc), sources = core_json_get(root, "sources"), v;
    struct ai_cache_entry entry = {.answered = row->answered};
    entry.text = core_pool_str(pool, json_str(root, "text"));
    core_json_bool(core_json_get(root, "generated"), &entry.generated);
    core_json_double(core_json_get(root, "confidence"), &entry.confidence);
    entry.sources = core_pool_alloc(pool, AI_LIMIT_SOURCES * sizeof *entry.sources);
    e = entry.text.ptr && entry.sources && row->id.len < sizeof entry.id ? 0 : CORE_ENOMEM;
    struct core_json_iter it = core_json_iter(sources);
    while (!e && entry.source_count < AI_LIMIT_SOURCES && core_json_next(&it, NULL, &v)) {
        e = read_source(ai, v, pool, &entry.sources[entry.source_count]);
        entry.source_count++;
    }
    core_json_free(doc);
    if (e < 0)
        return e;
    memcpy(entry.id, row->id.ptr, row->id.len);
    *ret = entry;
    return 0;
}

int ai_cache_exact(struct ai *ai, const struct ai_cache_key *key, struct core_pool *pool,
                   struct ai_cache_entry *ret)
{
    struct row row = {.pool = pool};
    const struct store_value hash = STORE_B(key->key, sizeof key->key);
    int e = store_read(ai->store, "SELECT id, answer, answered FROM cache WHERE key_hash = $1",
                       &hash, 1, on_row, &row);
    if (e < 0)
        return e;
    return row.found ? read_entry(ai, &row, pool, ret) : CORE_ENOTFOUND;
}

/* --- Near questions ------------------------------------------------------------------------- */

struct near {
    struct core_pool *pool;
    struct core_str question;
    const float *vector;
    unsigned dimensions;
    float floor; /* least cosine that is looked at; rises to the best accepted one */
    struct core_str id;
};

static int on_near(void *arg, const struct store_row *row)
{
    struct near *n = arg;
    struct core_str data = store_row_str(row, 2);
    if (data.len != n->dimensions * 2u)
        return 0;
    float cosine = ai_index_dot((const unsigned char *)data.ptr, n->dimensions, n->vector);
    if (cosine < n->floor || !ai_guard_agree(n->question, store_row_str(row, 1)))
        return 0;
    struct core_str id = core_pool_str(n->pool, store_row_str(row, 0));
    if (!id.ptr)
        return CORE_ENOMEM;
    n->floor = cosine;
    n->id = id;
    return 0;
}

int ai_cache_near(struct ai *ai, const struct ai_cache_key *key, struct core_str question,
                  const char *model, const float *vector, unsigned dimensions,
                  struct core_pool *pool, struct ai_cache_entry *ret)
{
    if (dimensions > AI_LIMIT_DIMENSIONS)
        return CORE_ENOTFOUND;
    bool english = ai->embedders[AI_EMBEDDER_ENGLISH] &&
                   !strcmp(model, ai_embedder_name(ai->embedders[AI_EMBEDDER_ENGLISH]));
    struct near near = {.pool = pool,
                        .question = question,
                        .vector = vector,
                        .dimensions = dimensions,
                        .floor = english ? AI_CACHE_COSINE : AI_CACHE_COSINE_MULTI};
    const struct store_value scope[] = {STORE_B(key->scope, sizeof key->scope), STORE_C(model),
                                        STORE_I(AI_LIMIT_CACHE_SCOPE)};
    int e = store_read(ai->store,
                       "SELECT id, question, vector FROM cache"
                       " WHERE scope_hash = $1 AND model = $2 ORDER BY created_ms DESC LIMIT $3",
                       scope, 3, on_near, &near);
    if (e < 0)
        return e;
    if (!near.id.ptr)
        return CORE_ENOTFOUND;
    struct row row = {.pool = pool};
    const struct store_value id = STORE_T(near.id);
    e = store_read(ai->store, "SELECT id, answer, answered FROM cache WHERE id = $1", &id, 1,
                   on_row, &row);
    if (e < 0)
        return e;
    return row.found ? read_entry(ai, &row, pool, ret) : CORE_ENOTFOUND;
}

/* --- Writing -------------------------------------------------------------------------------- */

struct generation {
    char *out;
    size_t cap;
};

static int on_generation(void *arg, const struct store_row *row)
{
    struct generation *g = arg;
    struct core_str s = store_row_str(row, 0);
    if (s.len < g->cap) {
        memcpy(g->out, s.ptr, s.len);
        g->out[s.len] = '\0';
    }
    return 1;
}

int ai_cache_generation(struct ai *ai, char *ret, size_t cap)
{
    char found[32] = "0";
    struct generation g = {found, sizeof found};
    const struct store_value key = STORE_C(GENERATION);
    int e = store_read(ai->store, "SELECT value FROM setting WHERE key = $1", &key, 1,
                       on_generation, &g);
    if (e < 0)
        return e;
    snprintf(ret, cap, "%s", found);
    return 0;
}

static int entry_json(const struct ai_cache_entry *entry, struct core_buf *out)
{
    struct core_json_out o;
    core_json_out_init(&o, out);
    core_json_out_object(&o, NULL);
    core_json_out_str(&o, "text", entry->text);
    core_json_out_bool(&o, "generated", entry->generated);
    core_json_out_double(&o, "confidence", entry->confidence);
    core_json_out_array(&o, "sources");
    for (size_t i = 0; i < entry->source_count; i++) {
        const struct ai_source *s = &entry->sources[i].source;
        core_json_out_object(&o, NULL);
        core_json_out_str(&o, "content", entry->sources[i].content_id);
        core_json_out_str(&o, "title", s->title);
        core_json_out_str(&o, "location", s->location);
        core_json_out_str(&o, "quote", s->quote);
        core_json_out_i64(&o, "start", s->start);
        core_json_out_i64(&o, "end", s->end);
        core_json_out_double(&o, "score", s->score);
        core_json_out_end(&o);
    }
    core_json_out_end(&o);
    core_json_out_end(&o);
    return core_buf_error(out);
}

void ai_cache_drop(struct store_batch *batch, struct core_str id)
{
    store_put(batch, STORE_ROWS_ANY, "DELETE FROM cache_source WHERE cache_id = $1", STORE_T(id));
    store_put(batch, STORE_ROWS_ANY, "DELETE FROM cache WHERE id = $1", STORE_T(id));
}

/* What an account that was removed meanwhile alone may see nobody will. */
#define OWNER_THERE                                                                                \
    "($10 IN ('', 'owner') OR EXISTS (SELECT 1 FROM account WHERE account.id = $10))"

/* The row, if what it rests on still holds at the moment of the commit. */
static void put_row(struct store_batch *batch, const struct core_env *env,
                    const struct ai_cache_new *n, struct core_str answer, struct store_value vector)
{
    const struct ai_cache_entry *e = n->entry;
    const struct store_value base[] = {STORE_C(e->id),
                                       STORE_B(n->key->key, sizeof n->key->key),
                                       STORE_B(n->key->scope, sizeof n->key->scope),
                                       STORE_T(n->question),
                                       STORE_I(e->answered),
                                       STORE_T(answer),
                                       STORE_C(n->model ? n->model : ""),
                                       vector,
                                       STORE_I(core_wall_ms(env)),
                                       STORE_T(n->owner)};
    struct store_value all[10 + 5];
    memcpy(all, base, sizeof base);
    if (!e->answered) {
        all[10] = STORE_C(GENERATION);
        all[11] = STORE_C(n->generation);
        store_batch_add(
            batch, STORE_ROWS_ANY,
            "INSERT INTO cache (id, key_hash, scope_hash, question, answered, answer,"
            " model, vector, created_ms, owner)"
            " SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10 WHERE"
            " COALESCE((SELECT value FROM setting WHERE key = $11), '0') = $12 AND " OWNER_THERE,
            all, 12);
        return;
    }
    int64_t distinct = 0;
    for (size_t i = 0; i < AI_LIMIT_SOURCES; i++) {
        size_t at = i < e->source_count ? i : 0, j = 0;
        all[10 + i] = e->source_count ? STORE_T(e->sources[at].content_id) : STORE_C("");
        while (j < i && !core_str_eq(all[10 + j].bytes, all[10 + i].bytes))
            j++;
        if (j == i && e->source_count)
            distinct++;
    }
    all[14] = STORE_I(distinct);
    _Static_assert(AI_LIMIT_SOURCES == 4, "the statement below has four places");
    store_batch_add(
        batch, STORE_ROWS_ANY,
        "INSERT INTO cache (id, key_hash, scope_hash, question, answered, answer, model,"
        " vector, created_ms, owner) SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10 WHERE"
        " (SELECT COUNT(*) FROM content WHERE id IN ($11, $12, $13, $14)) = $15 AND " OWNER_THERE,
        all, 15);
}

void ai_cache_put(struct store_batch *batch, const struct core_env *env,
                  const struct ai_cache_new *n)
{
    struct core_buf answer;
    core_buf_init(&answer, AI_LIMIT_CACHE_ANSWER);
    unsigned char packed[AI_LIMIT_DIMENSIONS * 2];
    bool has_vector = n->model && n->dimensions <= AI_LIMIT_DIMENSIONS;
    if (has_vector)
        ai_index_pack(n->vector, n->dimensions, packed);
    if (entry_json(n->entry, &answer) < 0)
        goto out; /* too long to be worth keeping */
    store_put(batch, STORE_ROWS_ANY,
              "DELETE FROM cache_source WHERE cache_id IN"
              " (SELECT id FROM cache WHERE key_hash = $1)",
              STORE_B(n->key->key, sizeof n->key->key));
    store_put(batch, STORE_ROWS_ANY, "DELETE FROM cache WHERE key_hash = $1",
              STORE_B(n->key->key, sizeof n->key->key));
    put_row(batch, env, n, core_buf_str(&answer),
            has_vector ? STORE_B(packed, n->dimensions * 2u) : STORE_N());
    for (size_t i = 0; i < n->entry->source_count; i++)
        store_put(batch, STORE_ROWS_ANY,
                  "INSERT INTO cache_source (cache_id, content_id)"
                  " SELECT id, $2 FROM cache WHERE id = $1 ON CONFLICT DO NOTHING",
                  STORE_C(n->entry->id), STORE_T(n->entry->sources[i].content_id));
    /* The oldest of the scope make room. */
    store_put(
        batch, STORE_ROWS_ANY,
        "DELETE FROM cache WHERE scope_hash = $1 AND created_ms <= (SELECT created_ms FROM cache"
        " WHERE scope_hash = $1 ORDER BY created_ms DESC LIMIT 1 OFFSET $2)",
        STORE_B(n->key->scope, sizeof n->key->scope), STORE_I(AI_LIMIT_CACHE_SCOPE));
out:
    core_buf_done(&answer);
}

/* --- What the learner adds to its batches ---------------------------------------------------- */

void ai_cache_forget_content(struct store_batch *batch, struct core_str content_id)
{
    store_put(
        batch, STORE_ROWS_ANY,
        "DELETE FROM cache WHERE id IN (SELECT cache_id FROM cache_source WHERE content_id = $1)",
        STORE_T(content_id));
    store_put(batch, STORE_ROWS_ANY, "DELETE FROM cache_source WHERE content_id = $1",
              STORE_T(content_id));
}

void ai_cache_forget_refusals(struct store_batch *batch)
{
    store_batch_add(batch, STORE_ROWS_ANY, "DELETE FROM cache WHERE answered = 0", NULL, 0);
    store_put(batch, STORE_ROWS_ANY,
              "INSERT INTO setting (key, value) VALUES ($1, '1') ON CONFLICT (key) DO UPDATE"
              " SET value = CAST(CAST(setting.value AS BIGINT) + 1 AS TEXT)",
              STORE_C(GENERATION));
}
