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
#include "core/err.h"
#include "core/limits.h"

#include <inttypes.h>
#include <stdio.h>

struct words {
    uint64_t hashes[AI_LIMIT_QUERY_WORDS];
    size_t count;
};

/* Whether the folded word is new. Two words of one hash would lose one of them: no harm. */
static bool words_add(struct words *words, struct core_str folded)
{
    uint64_t hash = core_str_hash(folded);
    for (size_t i = 0; i < words->count; i++)
        if (words->hashes[i] == hash)
            return false;
    words->hashes[words->count++] = hash;
    return true;
}

/* The next word from *at on, folded into out; its length, or 0 at the end. An overlong run of
 * letters is skipped. */
static size_t next_word(struct core_str text, size_t *at, char out[static AI_LIMIT_QUERY_WORD])
{
    size_t len = 0;
    bool overlong = false;
    while (*at < text.len) {
        uint32_t code;
        char utf8[4];
        *at += core_utf8_next(text, *at, &code);
        if (core_utf8_is_word(code)) {
            size_t n = core_utf8_put(core_utf8_lower(code), utf8);
            if (len + n > AI_LIMIT_QUERY_WORD)
                overlong = true;
            else if (!overlong) {
                memcpy(out + len, utf8, n);
                len += n;
            }
        } else if (len > 0) {
            if (!overlong)
                return len;
            len = 0;
            overlong = false;
        }
    }
    return overlong ? 0 : len;
}

/* The wanted words of `text` as an expression of FTS5 in *ret; left empty when there are none. */
static int expression(struct core_str text, ai_keyword_filter wanted, void *arg,
                      struct core_buf *ret)
{
    struct words words = {.count = 0};
    char word[AI_LIMIT_QUERY_WORD];
    size_t at = 0, len;
    while (words.count < AI_LIMIT_QUERY_WORDS && (len = next_word(text, &at, word)) > 0) {
        if (!words_add(&words, core_strn(word, len)))
            continue;
        if (wanted && !wanted(arg, core_strn(word, len)))
            continue;
        core_buf_add_c(ret, ret->len ? " OR \"" : "\"");
        core_buf_add(ret, word, len);
        core_buf_add_byte(ret, '"');
    }
    return core_buf_error(ret);
}

enum { EXPRESSION_MAX = AI_LIMIT_QUERY_WORDS * (AI_LIMIT_QUERY_WORD + 8) };

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

int ai_keyword_search(struct store *store, struct core_str query, ai_keyword_filter wanted,
                      void *arg, size_t k, struct ai_hit *ret, size_t *ret_count)
{
    struct core_buf match;
    core_buf_init(&match, EXPRESSION_MAX);
    struct collect c = {.hits = ret, .cap = k};
    int err = expression(query, wanted, arg, &match);
    if (err == 0 && match.len == 0)
        err = expression(query, NULL, NULL, &match);
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

int ai_keyword_count(struct store *store, struct core_str word, int64_t *ret_chunks)
{
    struct core_buf match;
    core_buf_init(&match, EXPRESSION_MAX);
    int64_t chunks = 0;
    int err = expression(word, NULL, NULL, &match);
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

int ai_keyword_total(struct store *store, int64_t *ret_chunks)
{
    return store_read_i64(store, "SELECT count(*) FROM chunk_fts_docsize", NULL, 0, ret_chunks);
}

int ai_keyword_check(struct store *store, char *why, size_t why_cap)
{
    int64_t chunks, indexed;
    int err = store_read_i64(store, "SELECT count(*) FROM chunk", NULL, 0, &chunks);
    if (err == 0)
        err = ai_keyword_total(store, &indexed);
    if (err) {
        snprintf(why, why_cap, "the keyword index cannot be read: %s", core_err_text(err));
        return err;
    }
    if (chunks != indexed) {
        snprintf(why, why_cap,
                 "the keyword index holds %" PRId64 " of %" PRId64
                 " chunks; learn the documents again",
                 indexed, chunks);
        return CORE_EMISMATCH;
    }
    return 0;
}
