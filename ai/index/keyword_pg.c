/*
 * keyword_pg.c: BM25 on PostgreSQL (see keyword.h).
 *
 * PostgreSQL's own full text search ranks without knowing how rare a word is. So the words stand in
 * tables of ours (core/store/schema_pg_search.c), a row for each word of a content with the chunks
 * that hold it (postings.h), and what BM25 makes of the rows of a query is computed here.
 *
 *     keyword          term, first chunk of the content → number of chunks, list
 *     keyword_content  first chunk of the content → number of chunks, words in all of them
 *
 * A content comes whole and goes whole, so a row never changes.
 */
#include "ai/index/keyword.h"

#include "ai/index/postings.h"
#include "ai/index/term.h"
#include "core/err.h"
#include "core/limits.h"
#include "core/mem.h"

#include <assert.h>
#include <stdlib.h>

/* --- Searching -------------------------------------------------------------------------------- */

/* Terms as an array of PostgreSQL. */
struct terms {
    struct core_buf list;
    size_t count;
};
/* Rows of a search as they come: a word's rarity is known when all of them were seen. */
struct search {
    struct terms terms;
    int64_t chunks[AI_LIMIT_QUERY_WORDS];
    int64_t total[2];     /* chunks and words of the whole knowledge */
    struct core_buf rows; /* struct found, then the list */
};
struct found {
    int64_t first;
    uint32_t term, len;
};

static void terms_init(struct terms *t)
{
    t->count = 0;
    core_buf_init(&t->list, AI_LIMIT_QUERY_WORDS * (AI_LIMIT_QUERY_WORD + 8));
    core_buf_add_byte(&t->list, '{');
}

/* A term is letters and digits; the quotes keep one that reads "null" a word. */
static int terms_add(void *to, struct core_str word)
{
    struct terms *t = to;
    char term[AI_LIMIT_QUERY_WORD];
    memcpy(term, word.ptr, word.len);
    size_t len = ai_term_make(term, word.len);
    if (len == 0)
        return 0;
    core_buf_add_c(&t->list, t->count++ ? ",\"" : "\"");
    core_buf_add(&t->list, term, len);
    return core_buf_add_byte(&t->list, '"');
}

/* A term's number, from 1, the content's first chunk, how
 * many hold it, and which; number 0: all chunks, all words. */
static int on_list(void *arg, const struct store_row *row)
{
    struct search *s = arg;
    int64_t term = store_row_i64(row, 0) - 1;
    struct core_str list = store_row_str(row, 3);
    if (term < 0) {
        s->total[0] = store_row_i64(row, 1);
        s->total[1] = store_row_i64(row, 2);
        return 0;
    }
    if ((size_t)term >= s->terms.count)
        return CORE_ECORRUPT;
    struct found found = {store_row_i64(row, 1), (uint32_t)term, (uint32_t)list.len};
    s->chunks[term] += store_row_i64(row, 2);
    core_buf_add(&s->rows, &found, sizeof found);
    return core_buf_add_str(&s->rows, list);
}

static int rank(const struct search *s, struct ai_topk *top)
{
    struct ai_bm25 bm25;
    int err = 0;
    ai_bm25_init(&bm25, s->total[0], s->total[1]);
    for (size_t at = 0; err == 0 && at < s->rows.len;) {
        struct found found;
        memcpy(&found, s->rows.ptr + at, sizeof found);
        at += sizeof found;
        err = ai_bm25_add(&bm25, ai_bm25_rarity(&bm25, s->chunks[found.term]), found.first,
                          core_strn(s->rows.ptr + at, found.len));
        at += found.len;
    }
    ai_bm25_offer(&bm25, top);
    ai_bm25_done(&bm25);
    return err;
}

static int search(struct store *store, struct core_str query, ai_keyword_filter wanted, void *arg,
                  size_t k, struct ai_hit *ret, size_t *ret_count)
{
    struct search *s = core_alloc(sizeof *s);
    struct ai_topk top = {.hits = ret, .k = k};
    terms_init(&s->terms);
    core_buf_init(&s->rows, AI_LIMIT_KEYWORD_BYTES);
    int err = ai_keyword_words(query, wanted, arg, terms_add, &s->terms);
    if (err == 0)
        err = core_buf_add_byte(&s->terms.list, '}');
    if (err == 0 && s->terms.count > 0 && k > 0) {
        const struct store_value params[] = {STORE_T(core_buf_str(&s->terms.list))};
        /* OFFSET 0 keeps each term a look into the key: without statistics, as after
         * everything was learned at once, a plain join reads the whole table. Words
         * of one stem count as often as they are asked for. */
        err = store_read(store,
                         "SELECT asked.number, found.first, found.chunks, found.list"
                         " FROM unnest(CAST(CAST($1 AS TEXT) AS TEXT[]))"
                         " WITH ORDINALITY AS asked (term, number)"
                         " CROSS JOIN LATERAL (SELECT first, chunks, list FROM keyword"
                         " WHERE keyword.term = asked.term OFFSET 0) AS found"
                         " UNION ALL SELECT 0, SUM(chunks), SUM(words), NULL FROM keyword_content",
                         params, 1, on_list, s);
        if (err == 0)
            err = rank(s, &top);
    }
    core_buf_done(&s->terms.list);
    core_buf_done(&s->rows);
    free(s);
    if (err)
        return err;
    *ret_count = ai_topk_sort(&top);
    return 0;
}

static int count(struct store *store, struct core_str word, int64_t *ret_chunks)
{
    char text[AI_LIMIT_QUERY_WORD];
    size_t at = 0, len = ai_term_word(word, &at, text);
    int64_t chunks = 0;
    int err = 0;
    len = ai_term_make(text, len);
    if (len > 0) {
        const struct store_value params[] = {STORE_T(core_strn(text, len))};
        err = store_read_i64(store, "SELECT COALESCE(SUM(chunks), 0) FROM keyword WHERE term = $1",
                             params, 1, &chunks);
    }
    if (err)
        return err;
    *ret_chunks = chunks;
    return 0;
}

static int on_count(void *arg, const struct store_row *row)
{
    ((int64_t *)arg)[store_row_i64(row, 0) - 1] = store_row_i64(row, 1);
    return 0;
}

static int counts(struct store *store, const struct core_str *words, size_t n, int64_t *ret_chunks)
{
    struct terms terms;
    int err = 0;
    terms_init(&terms);
    for (size_t i = 0; i < n && err == 0; i++) {
        ret_chunks[i] = 0;
        err = terms_add(&terms, words[i]);
    }
    if (err == 0)
        err = core_buf_add_byte(&terms.list, '}');
    assert(err || terms.count == n); /* such words are terms */
    if (err == 0) {
        const struct store_value params[] = {STORE_T(core_buf_str(&terms.list))};
        err = store_read(store,
                         "SELECT asked.number, found.chunks"
                         " FROM unnest(CAST(CAST($1 AS TEXT) AS TEXT[]))"
                         " WITH ORDINALITY AS asked (term, number)"
                         " CROSS JOIN LATERAL (SELECT SUM(chunks) AS chunks FROM keyword"
                         " WHERE keyword.term = asked.term) AS found"
                         " WHERE found.chunks IS NOT NULL",
                         params, 1, on_count, ret_chunks);
    }
    core_buf_done(&terms.list);
    return err;
}

static int total(struct store *store, int64_t *ret_chunks)
{
    return store_read_i64(store, "SELECT COALESCE(SUM(chunks), 0) FROM keyword_content", NULL, 0,
                          ret_chunks);
}

static int check(struct store *store, char *why, size_t why_cap)
{
    int64_t chunks = 0, indexed = 0;
    int err = store_read_i64(store, "SELECT count(*) FROM chunk", NULL, 0, &chunks);
    if (err == 0)
        err = total(store, &indexed);
    return ai_keyword_agree(err, chunks, indexed, why, why_cap);
}

/* --- Putting ---------------------------------------------------------------------------------- */

/* Rows of one statement: arrays of terms, of numbers of chunks and of lengths of lists, and the
 * lists one behind the other. */
struct rows {
    struct core_buf terms, chunks, starts, lens, lists;
};

static void rows_init(struct rows *r)
{
    struct core_buf *const all[] = {&r->terms, &r->chunks, &r->starts, &r->lens, &r->lists};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        core_buf_init(all[i], CORE_LIMIT_BATCH_BYTES);
}

static void rows_done(struct rows *r)
{
    core_buf_done(&r->terms);
    core_buf_done(&r->chunks);
    core_buf_done(&r->starts);
    core_buf_done(&r->lens);
    core_buf_done(&r->lists);
}

static void rows_add(struct rows *r, const struct ai_posting_list *list)
{
    const char *separator = r->terms.len ? "," : "{";
    core_buf_addf(&r->terms, "%s\"%.*s\"", separator, CORE_STR_ARG(list->term));
    core_buf_addf(&r->chunks, "%s%u", separator, (unsigned)list->chunks);
    core_buf_addf(&r->starts, "%s%zu", separator, r->lists.len + 1);
    core_buf_addf(&r->lens, "%s%zu", separator, list->data.len);
    core_buf_add_str(&r->lists, core_buf_str(&list->data));
}

static int rows_put(struct rows *r, struct store_batch *batch, int64_t first)
{
    struct core_buf *const arrays[] = {&r->terms, &r->chunks, &r->starts, &r->lens};
    int err = core_buf_error(&r->lists);
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++) {
        int full = core_buf_add_byte(arrays[i], '}');
        err = err ? err : full;
    }
    if (err)
        return err;
    store_put(batch, STORE_ROWS_ANY,
              "INSERT INTO keyword (term, first, chunks, list)"
              " SELECT new.term, CAST($1 AS BIGINT), new.chunks,"
              " substring(CAST($2 AS BYTEA) FROM new.start_at FOR new.len)"
              " FROM unnest(CAST(CAST($3 AS TEXT) AS TEXT[]), CAST(CAST($4 AS TEXT) AS INTEGER[]),"
              " CAST(CAST($5 AS TEXT) AS INTEGER[]), CAST(CAST($6 AS TEXT) AS INTEGER[]))"
              " AS new (term, chunks, start_at, len)",
              STORE_I(first), STORE_B(r->lists.ptr, r->lists.len), STORE_T(core_buf_str(&r->terms)),
              STORE_T(core_buf_str(&r->chunks)), STORE_T(core_buf_str(&r->starts)),
              STORE_T(core_buf_str(&r->lens)));
    return 0;
}

static int put(struct store_batch *batch, const struct ai_index_chunk *chunks, size_t n)
{
    struct ai_postings postings;
    struct rows rows;
    int err = 0;
    ai_postings_init(&postings);
    rows_init(&rows);
    for (size_t i = 0; err == 0 && i < n; i++)
        err = ai_postings_add(&postings, (uint32_t)(chunks[i].id - chunks[0].id), &chunks[i]);
    for (size_t i = 0; err == 0 && i < postings.count; i++)
        rows_add(&rows, &postings.lists[i]);
    if (err == 0 && postings.count > 0)
        err = rows_put(&rows, batch, chunks[0].id);
    if (err == 0 && n > 0)
        store_put(batch, 1,
                  "INSERT INTO keyword_content (first, chunks, words) VALUES ($1, $2, $3)",
                  STORE_I(chunks[0].id), STORE_I((int64_t)n), STORE_I((int64_t)postings.words));
    rows_done(&rows);
    ai_postings_done(&postings);
    return err;
}

/* --- Filling ---------------------------------------------------------------------------------- */

enum { AT_ONCE = 64 };

struct firsts {
    int64_t ids[AT_ONCE];
    size_t count;
};

static int on_first(void *arg, const struct store_row *row)
{
    struct firsts *f = arg;
    f->ids[f->count++] = store_row_i64(row, 0);
    return f->count == AT_ONCE;
}

/* The chunks of one content; their texts lie one behind the other until all are there. */
struct content {
    struct ai_index_chunk *chunks;
    size_t count, cap;
    struct core_buf texts;
};

static int on_chunk(void *arg, const struct store_row *row)
{
    struct content *c = arg;
    void *chunks = c->chunks;
    int err = core_grow(&chunks, &c->cap, c->count, sizeof *c->chunks, AI_LIMIT_CHUNKS);
    if (err)
        return err;
    c->chunks = chunks;
    struct ai_index_chunk *chunk = &c->chunks[c->count++];
    struct core_str *const fields[] = {&chunk->name, &chunk->title, &chunk->heading, &chunk->text};
    chunk->id = store_row_i64(row, 0);
    for (unsigned i = 0; i < sizeof fields / sizeof *fields; i++) {
        *fields[i] = store_row_str(row, i + 1);
        err = core_buf_add_str(&c->texts, *fields[i]);
        if (err)
            return err;
    }
    return 0;
}

/* The buffer has moved while it grew. */
static void settle_texts(struct content *c)
{
    size_t at = 0;
    for (size_t i = 0; i < c->count; i++) {
        struct ai_index_chunk *chunk = &c->chunks[i];
        struct core_str *const fields[] = {&chunk->name, &chunk->title, &chunk->heading,
                                           &chunk->text};
        for (size_t j = 0; j < sizeof fields / sizeof *fields; j++) {
            *fields[j] = core_strn(c->texts.ptr + at, fields[j]->len);
            at += fields[j]->len;
        }
    }
}

static int put_content(struct store *store, int64_t first, struct store_batch *batch)
{
    const struct store_value params[] = {STORE_I(first)};
    struct content c = {0};
    core_buf_init(&c.texts, CORE_LIMIT_BATCH_BYTES);
    int err = store_read(store,
                         "SELECT id, name, title, heading, text FROM chunk WHERE content_id ="
                         " (SELECT content_id FROM chunk WHERE id = $1) ORDER BY id",
                         params, 1, on_chunk, &c);
    if (!err) {
        settle_texts(&c);
        err = put(batch, c.chunks, c.count);
    }
    core_buf_done(&c.texts);
    free(c.chunks);
    return err;
}

static int fill(struct store *store)
{
    char why[200];
    if (check(store, why, sizeof why) == 0)
        return 0;
    for (;;) {
        struct firsts firsts = {.count = 0};
        int err = store_read(store,
                             "SELECT content.first FROM"
                             " (SELECT MIN(id) AS first FROM chunk GROUP BY content_id) AS content"
                             " WHERE NOT EXISTS (SELECT 1 FROM keyword_content"
                             " WHERE keyword_content.first = content.first) ORDER BY content.first",
                             NULL, 0, on_first, &firsts);
        if (err < 0 || firsts.count == 0)
            return err < 0 ? err : 0;
        for (size_t i = 0; i < firsts.count; i++) {
            struct store_batch *batch = store_batch_new(STORE_RELAXED);
            err = put_content(store, firsts.ids[i], batch);
            if (err)
                store_batch_free(batch);
            else
                err = store_write_wait(store, batch);
            if (err)
                return err;
        }
    }
}

const struct ai_keyword_engine ai_keyword_pg = {.search = search,
                                                .count = count,
                                                .counts = counts,
                                                .total = total,
                                                .check = check,
                                                .put = put,
                                                .fill = fill};
