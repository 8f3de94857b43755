/*
 * keyword_sqlite.c: BM25 by SQLite's FTS5 (see keyword.h).
 *
 * The table chunk_fts and the triggers that keep it in step with `chunk` belong to the schema; here
 * are the questions only. A question is taken apart into words by Unicode category and put together
 * again as "word" OR "word" …: nothing of what the asker typed reaches FTS5's query language.
 * A name, a title or a heading that holds the word counts twice as much as the text.
 */
#include "ai/index/keyword.h"

#include "core/buf.h"
#include "core/limits.h"

enum { EXPRESSION_MAX = AI_LIMIT_QUERY_WORDS * (AI_LIMIT_QUERY_WORD + 8) };

static int add_word(void *to, struct core_str word)
{
    struct core_buf *match = to;
    core_buf_add_c(match, match->len ? " OR \"" : "\"");
    core_buf_add_str(match, word);
    return core_buf_add_byte(match, '"');
}

struct collect {
    struct ai_hit *hits;
    size_t count, cap;
};

static int on_hit(void *arg, const struct store_row *row)
{
    struct collect *c = arg;
    if (c->count == c->cap)
        return 1;
    c->hits[c->count++] = (struct ai_hit){
        .chunk_id = store_row_i64(row, 0),
        .score = (float)-store_row_real(row, 1), /* FTS5 gives the better match the lower rank */
    };
    return 0;
}

static int search(struct store *store, struct core_str query, ai_keyword_filter wanted, void *arg,
                  size_t k, struct ai_hit *ret, size_t *ret_count)
{
    struct core_buf match;
    core_buf_init(&match, EXPRESSION_MAX);
    struct collect c = {.hits = ret, .cap = k};
    int err = ai_keyword_words(query, wanted, arg, add_word, &match);
    if (err == 0 && match.len > 0 && k > 0) {
        const struct store_value params[] = {STORE_T(core_buf_str(&match)), STORE_I((int64_t)k)};
        err = store_read(store,
                         "SELECT rowid, rank FROM chunk_fts WHERE chunk_fts MATCH $1"
                         " AND rank MATCH 'bm25(2.0, 2.0, 2.0, 1.0)' ORDER BY rank LIMIT $2",
                         params, 2, on_hit, &c);
    }
    core_buf_done(&match);
    if (err < 0)
        return err;
    *ret_count = c.count;
    return 0;
}

static int count(struct store *store, struct core_str word, int64_t *ret_chunks)
{
    struct core_buf match;
    core_buf_init(&match, EXPRESSION_MAX);
    int64_t chunks = 0;
    int err = ai_keyword_words(word, NULL, NULL, add_word, &match);
    if (err == 0 && match.len > 0) {
        const struct store_value params[] = {STORE_T(core_buf_str(&match))};
        err = store_read_i64(store, "SELECT count(*) FROM chunk_fts WHERE chunk_fts MATCH $1",
                             params, 1, &chunks);
    }
    core_buf_done(&match);
    if (err)
        return err;
    *ret_chunks = chunks;
    return 0;
}

/* Is any of them there? */
static int any(struct store *store, const struct core_str *words, size_t n, int64_t *ret_any)
{
    struct core_buf match;
    core_buf_init(&match, EXPRESSION_MAX);
    int err = 0;
    for (size_t i = 0; i < n && err == 0; i++)
        err = add_word(&match, words[i]);
    if (err == 0) {
        const struct store_value params[] = {STORE_T(core_buf_str(&match))};
        err = store_read_i64(store,
                             "SELECT EXISTS (SELECT 1 FROM chunk_fts WHERE chunk_fts MATCH $1)",
                             params, 1, ret_any);
    }
    core_buf_done(&match);
    return err;
}

/* By halves: one question passes over all words of which none is there. */
static int counts(struct store *store, const struct core_str *words, size_t n, int64_t *ret_chunks)
{
    int64_t there = 0;
    int err = n == 1 ? count(store, words[0], &there) : any(store, words, n, &there);
    if (err)
        return err;
    if (n == 1 || !there) {
        for (size_t i = 0; i < n; i++)
            ret_chunks[i] = there;
        return 0;
    }
    err = counts(store, words, n / 2, ret_chunks);
    return err ? err : counts(store, words + n / 2, n - n / 2, ret_chunks + n / 2);
}

static int total(struct store *store, int64_t *ret_chunks)
{
    return store_read_i64(store, "SELECT count(*) FROM chunk_fts_docsize", NULL, 0, ret_chunks);
}

static int check(struct store *store, char *why, size_t why_cap)
{
    int64_t chunks = 0, indexed = 0;
    int err = store_read_i64(store, "SELECT count(*) FROM chunk", NULL, 0, &chunks);
    if (err == 0)
        err = total(store, &indexed);
    return ai_keyword_agree(err, chunks, indexed, why, why_cap);
}

const struct ai_keyword_engine ai_keyword_sqlite = {
    .search = search, .count = count, .counts = counts, .total = total, .check = check};
