/*
 * batch.c: a batch is its own encoding: what store_batch_add() appends is what an engine executes,
 * writes to a log or sends to another node.
 *
 *     batch      version u8 = 1 │ durability u8 │ statements u32 │ statement …
 *     statement  rows i32 │ sql u16 [ │ length u32 │ text ] │ params u16 │ value …
 *     value      type u8 [ │ i64 ] or [ │ double ] or [ │ length u32 │ bytes ]
 *
 * Numbers are little-endian. `sql` counts the texts seen so far from 0; the text follows where the
 * number is new, so a thousand inserts carry their SQL once.
 *
 * Not here: what the SQL means. An engine that executes a batch from elsewhere trusts the sender's
 * SQL as far as its authorizer does.
 */
#include "core/store/batch.h"

#include "core/err.h"
#include "core/mem.h"

#include <assert.h>
#include <endian.h>
#include <math.h>
#include <stdlib.h>

#define VERSION 1
#define HEAD_SIZE 6
#define COUNT_AT 2

/* --- Writing -------------------------------------------------------------------------------- */

static void put_u16(struct core_buf *b, unsigned v)
{
    uint16_t le = htole16((uint16_t)v);
    core_buf_add(b, &le, sizeof le);
}

static void put_u32(struct core_buf *b, uint32_t v)
{
    uint32_t le = htole32(v);
    core_buf_add(b, &le, sizeof le);
}

static void put_u64(struct core_buf *b, uint64_t v)
{
    uint64_t le = htole64(v);
    core_buf_add(b, &le, sizeof le);
}

/* What every engine stores alike: PostgreSQL has no text with NUL or bad UTF-8, SQLite no NaN. */
static int check_value(const struct store_value *v)
{
    if (v->type == STORE_TEXT &&
        (!core_utf8_valid(v->bytes) || core_str_find_byte(v->bytes, 0) >= 0))
        return CORE_EUTF8;
    if (v->type == STORE_REAL && isnan(v->real))
        return CORE_EINVAL;
    return 0;
}

static void put_value(struct core_buf *b, const struct store_value *v)
{
    uint64_t bits;

    core_buf_add_byte(b, (char)v->type);
    switch (v->type) {
    case STORE_NULL:
        break;
    case STORE_INT:
        put_u64(b, (uint64_t)v->i64);
        break;
    case STORE_REAL:
        memcpy(&bits, &v->real, sizeof bits);
        put_u64(b, bits);
        break;
    case STORE_TEXT:
    case STORE_BLOB:
        put_u32(b, (uint32_t)v->bytes.len);
        core_buf_add_str(b, v->bytes);
        break;
    }
}

static int put_sql(struct store_batch *batch, const char *sql)
{
    struct core_buf *b = &batch->data;
    unsigned i = batch->sql_count;
    size_t len;

    /* From the end: loops repeat what they wrote last. */
    while (i > 0 && batch->sql[i - 1] != sql)
        i--;
    if (i > 0) {
        put_u16(b, i - 1);
        return 0;
    }
    len = strlen(sql);
    if (batch->sql_count >= CORE_LIMIT_BATCH_SQL || len > CORE_LIMIT_SQL)
        return CORE_ETOOBIG;
    put_u16(b, batch->sql_count);
    put_u32(b, (uint32_t)len);
    core_buf_add(b, sql, len);
    batch->sql[batch->sql_count++] = sql;
    return 0;
}

struct store_batch *store_batch_new(enum store_durability durability)
{
    struct store_batch *batch = core_alloc(sizeof *batch);
    char head[HEAD_SIZE] = {VERSION, (char)durability};

    batch->durability = durability;
    core_buf_init(&batch->data, CORE_LIMIT_BATCH_BYTES);
    batch->error = core_buf_add(&batch->data, head, sizeof head);
    return batch;
}

void store_batch_free(struct store_batch *batch)
{
    if (!batch)
        return;
    core_buf_done(&batch->data);
    free(batch);
}

static int check_params(const struct store_value *params, size_t count)
{
    int err;

    if (count > CORE_LIMIT_SQL_PARAMS)
        return CORE_ETOOBIG;
    for (size_t i = 0; i < count; i++) {
        /* A length that does not fit its field cannot fit the buffer either. */
        if (params[i].type >= STORE_TEXT && params[i].bytes.len > CORE_LIMIT_BATCH_BYTES)
            return CORE_ETOOBIG;
        err = check_value(&params[i]);
        if (err < 0)
            return err;
    }
    return 0;
}

void store_batch_add(struct store_batch *batch, int rows_expected, const char *sql,
                     const struct store_value *params, size_t count)
{
    struct core_buf *b = &batch->data;
    uint32_t le;

    assert(rows_expected >= STORE_ROWS_ANY);
    if (batch->error == 0 && batch->count >= CORE_LIMIT_BATCH_STATEMENTS)
        batch->error = CORE_ETOOBIG;
    if (batch->error == 0)
        batch->error = check_params(params, count);
    if (batch->error < 0)
        return;
    put_u32(b, (uint32_t)rows_expected);
    batch->error = put_sql(batch, sql);
    put_u16(b, (unsigned)count);
    for (size_t i = 0; i < count; i++)
        put_value(b, &params[i]);
    if (batch->error == 0)
        batch->error = core_buf_error(b);
    if (batch->error < 0)
        return;
    le = htole32(++batch->count);
    memcpy(b->ptr + COUNT_AT, &le, sizeof le);
}

size_t store_batch_count(const struct store_batch *batch)
{
    return batch->count;
}

size_t store_batch_bytes(const struct store_batch *batch)
{
    return batch->data.len;
}

/* --- Reading -------------------------------------------------------------------------------- */

static int take(struct core_str *s, void *out, size_t len)
{
    if (s->len < len)
        return CORE_ECORRUPT;
    memcpy(out, s->ptr, len);
    s->ptr += len;
    s->len -= len;
    return 0;
}

static int take_u16(struct core_str *s, unsigned *ret)
{
    uint16_t le;
    int err = take(s, &le, sizeof le);

    if (err == 0)
        *ret = le16toh(le);
    return err;
}

static int take_u32(struct core_str *s, uint32_t *ret)
{
    uint32_t le;
    int err = take(s, &le, sizeof le);

    if (err == 0)
        *ret = le32toh(le);
    return err;
}

static int take_u64(struct core_str *s, uint64_t *ret)
{
    uint64_t le;
    int err = take(s, &le, sizeof le);

    if (err == 0)
        *ret = le64toh(le);
    return err;
}

static int take_bytes(struct core_str *s, struct core_str *ret)
{
    uint32_t len = 0;
    int err = take_u32(s, &len);

    if (err < 0 || s->len < len)
        return CORE_ECORRUPT;
    *ret = core_strn(s->ptr, len);
    s->ptr += len;
    s->len -= len;
    return 0;
}

static int take_value(struct core_str *s, struct store_value *ret)
{
    unsigned char type;
    uint64_t bits = 0;
    int err = take(s, &type, sizeof type);

    if (err < 0)
        return err;
    *ret = (struct store_value){.type = type};
    switch (type) {
    case STORE_NULL:
        return 0;
    case STORE_INT:
        err = take_u64(s, &bits);
        ret->i64 = (int64_t)bits;
        return err;
    case STORE_REAL:
        err = take_u64(s, &bits);
        memcpy(&ret->real, &bits, sizeof bits);
        return err;
    case STORE_TEXT:
    case STORE_BLOB:
        return take_bytes(s, &ret->bytes);
    default:
        return CORE_ECORRUPT;
    }
}

static int take_sql(struct store_batch_iter *it, struct core_str *ret)
{
    unsigned i = 0;
    int err = take_u16(&it->left, &i);

    if (err < 0 || i > it->sql_count || i >= CORE_LIMIT_BATCH_SQL)
        return CORE_ECORRUPT;
    if (i == it->sql_count) {
        err = take_bytes(&it->left, &it->sql[i]);
        if (err < 0 || it->sql[i].len > CORE_LIMIT_SQL)
            return CORE_ECORRUPT;
        it->sql_count++;
    }
    *ret = it->sql[i];
    return 0;
}

void store__batch_iter(const struct store_batch *batch, struct store_batch_iter *ret)
{
    ret->left = core_strn(batch->data.ptr + HEAD_SIZE, batch->data.len - HEAD_SIZE);
    ret->count_left = batch->count;
    ret->sql_count = 0;
}

int store__batch_next(struct store_batch_iter *it, struct store_statement *ret)
{
    uint32_t rows = 0;
    int err;

    if (it->count_left == 0)
        return it->left.len ? CORE_ECORRUPT : 0;
    it->count_left--;
    err = take_u32(&it->left, &rows);
    if (err < 0)
        return err;
    ret->rows_expected = (int)rows;
    if (ret->rows_expected < STORE_ROWS_ANY)
        return CORE_ECORRUPT;
    err = take_sql(it, &ret->sql);
    if (err < 0)
        return err;
    err = take_u16(&it->left, &ret->count);
    if (err < 0 || ret->count > CORE_LIMIT_SQL_PARAMS)
        return CORE_ECORRUPT;
    for (unsigned i = 0; i < ret->count; i++) {
        err = take_value(&it->left, &ret->params[i]);
        if (err < 0)
            return err;
    }
    return 1;
}

struct core_str store__batch_encoded(const struct store_batch *batch)
{
    return core_buf_str(&batch->data);
}

/* Walks the whole batch once, so that whoever executes it meets no surprise halfway. */
static int check_all(const struct store_batch *batch)
{
    struct store_batch_iter it;
    struct store_statement statement;
    int more;

    store__batch_iter(batch, &it);
    while ((more = store__batch_next(&it, &statement)) > 0) {
        for (unsigned i = 0; i < statement.count; i++) {
            if (check_value(&statement.params[i]) < 0)
                return CORE_ECORRUPT;
        }
    }
    return more;
}

int store__batch_decode(struct core_str bytes, struct store_batch **ret)
{
    struct core_str s = bytes;
    struct store_batch *batch;
    unsigned char head[2];
    uint32_t count;
    int err;

    if (take(&s, head, sizeof head) < 0 || take_u32(&s, &count) < 0 || head[0] != VERSION ||
        head[1] > STORE_LAZY)
        return CORE_ECORRUPT;
    if (count > CORE_LIMIT_BATCH_STATEMENTS || bytes.len > CORE_LIMIT_BATCH_BYTES)
        return CORE_ETOOBIG;
    batch = store_batch_new(head[1]);
    core_buf_clear(&batch->data);
    err = core_buf_add_str(&batch->data, bytes);
    batch->count = count;
    /* Its texts have no addresses here: nothing can be added. */
    batch->sql_count = CORE_LIMIT_BATCH_SQL;
    if (err == 0)
        err = check_all(batch);
    if (err < 0) {
        store_batch_free(batch);
        return err;
    }
    *ret = batch;
    return 0;
}
