/*
 * fuzz_cache.c: what the cache finds in its table: any text as an entry is one or none, and what is
 * served makes a receipt that can be read. The store is one row in memory; the first byte says
 * which of its columns are odd.
 */
#include "ai/cascade/cache.h"
#include "core/err.h"
#include "core/json.h"
#include "core/store/engine.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LONG_ID = 1, NO_DOCUMENT = 2, REFUSED = 4 };

static struct {
    struct core_str json;
    unsigned how;
} table;

/* The first member is the engine's; here the row knows which statement it answers. */
struct row {
    struct store_row base;
    bool document;
};

static int64_t row_i64(const struct store_row *row, unsigned column)
{
    (void)row, (void)column;
    return !(table.how & REFUSED);
}

static double row_real(const struct store_row *row, unsigned column)
{
    (void)row, (void)column;
    return 0;
}

static struct core_str row_str(const struct store_row *row, unsigned column)
{
    if (((const struct row *)row)->document)
        return column == 0 ? CORE_STR("d") : CORE_STR("/a.txt");
    if (column == 1)
        return table.json;
    return table.how & LONG_ID ? CORE_STR("longer than any id that was ever given to an entry")
                               : CORE_STR("01arz3ndektsv4rrffq69g5fav");
}

static bool row_null(const struct store_row *row, unsigned column)
{
    (void)row, (void)column;
    return false;
}

static int read_row(struct store *store, const char *sql, const struct store_value *params,
                    size_t count, int (*on_row)(void *arg, const struct store_row *row), void *arg)
{
    static const struct store_row_ops ops = {row_i64, row_real, row_str, row_null};
    struct row row = {{&ops}, strstr(sql, "FROM document") != NULL};
    (void)store, (void)params;
    assert(count == 1);
    return row.document && table.how & NO_DOCUMENT ? 0 : on_row(arg, &row.base);
}

static void check_receipt(const struct ai_cache_entry *e)
{
    struct ai_source sources[AI_LIMIT_SOURCES];
    struct core_json_doc *doc = NULL;
    struct core_json_out o;
    struct core_buf out;
    for (size_t i = 0; i < e->source_count; i++)
        sources[i] = e->sources[i].source;
    struct ai_answer answer = {.text = e->text,
                               .answered = e->answered,
                               .receipt = {.brand = "Standard", .confidence = e->confidence},
                               .sources = sources,
                               .source_count = e->source_count};
    memcpy(answer.receipt.cache_id, e->id, sizeof e->id);
    core_buf_init(&out, 16u << 20);
    core_json_out_init(&o, &out);
    core_json_out_object(&o, NULL);
    ai_receipt_json(&o, "receipt", &answer);
    core_json_out_end(&o);
    int err = core_json_parse(core_buf_str(&out), &doc, NULL, 0);
    assert(!err);
    core_json listed = core_json_get(core_json_get(core_json_root(doc), "receipt"), "sources");
    assert(core_json_count(listed) == e->source_count);
    core_json_free(doc);
    core_buf_done(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct store_engine engine = {.name = "none", .read = read_row};
    static struct store store = {.engine = &engine};
    static struct ai ai = {.store = &store};
    static const struct ai_cache_key key;
    struct ai_cache_entry entry;
    if (size == 0)
        return 0;
    table.how = data[0];
    table.json = core_strn(data + 1, size - 1);
    struct core_pool *pool = core_pool_new(4 * size + (64u << 10));
    int status = ai_cache_exact(&ai, &key, pool, &entry);
    assert(status == 0 || status == CORE_ENOTFOUND || status == CORE_ENOMEM);
    if (status == 0) {
        assert(!(table.how & LONG_ID) && core_utf8_valid(entry.text));
        assert(entry.source_count <= AI_LIMIT_SOURCES && entry.answered == !(table.how & REFUSED));
        check_receipt(&entry);
    }
    core_pool_free(pool);
    return 0;
}
