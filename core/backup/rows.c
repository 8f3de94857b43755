/* rows.c: see rows.h. What comes in may be anything: every length is compared with what is
 * there. */
#include "core/backup/rows.h"

#include "core/backup/le.h"
#include "core/mem.h"

#include <assert.h>

/* --- Small parts ---------------------------------------------------------------------------- */

static void put_le(struct core_buf *out, uint64_t value, size_t size)
{
    unsigned char bytes[8];

    backup_le_put(bytes, value, size);
    core_buf_add(out, bytes, size);
}

static int take(struct core_str *rest, size_t len, struct core_str *ret)
{
    if (rest->len < len)
        return CORE_ECORRUPT;
    *ret = core_strn(rest->ptr, len);
    *rest = core_strn(rest->ptr + len, rest->len - len);
    return 0;
}

static int take_le(struct core_str *rest, size_t size, uint64_t *ret)
{
    struct core_str bytes;
    int err = take(rest, size, &bytes);

    if (err == 0)
        *ret = backup_le_get((const unsigned char *)bytes.ptr, size);
    return err;
}

static void put_varint(struct core_buf *out, uint64_t value)
{
    char bytes[10];
    size_t n = 0;

    for (; value >= 0x80; value >>= 7)
        bytes[n++] = (char)(value | 0x80);
    bytes[n++] = (char)value;
    core_buf_add(out, bytes, n);
}

/* One number has one form: no empty bytes at its end. */
static int take_varint(struct core_str *rest, uint64_t *ret)
{
    uint64_t value = 0;

    for (unsigned i = 0; i < 10 && i < rest->len; i++) {
        unsigned char byte = (unsigned char)rest->ptr[i];
        if ((i == 9 && byte > 1) || (i > 0 && byte == 0))
            return CORE_ECORRUPT;
        value |= (uint64_t)(byte & 0x7f) << (7 * i);
        if (byte < 0x80) {
            *rest = core_strn(rest->ptr + i + 1, rest->len - i - 1);
            *ret = value;
            return 0;
        }
    }
    return CORE_ECORRUPT;
}

static int take_name(struct core_str *rest, char ret[static STORE_NAME_SIZE])
{
    uint64_t len;
    struct core_str name;
    int err = take_le(rest, 1, &len);

    if (err == 0)
        err = len > 0 && len < STORE_NAME_SIZE ? take(rest, len, &name) : CORE_ECORRUPT;
    for (size_t i = 0; err == 0 && i < name.len; i++) {
        char c = name.ptr[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'))
            err = CORE_ECORRUPT;
    }
    if (err == 0) {
        memcpy(ret, name.ptr, name.len);
        ret[name.len] = '\0';
    }
    return err;
}

static void put_name(struct core_buf *out, const char *name)
{
    core_buf_add_byte(out, (char)strlen(name));
    core_buf_add_c(out, name);
}

/* --- Tables --------------------------------------------------------------------------------- */

void backup_tables_put(struct core_buf *out, const struct store_tables *tables)
{
    put_le(out, tables->count, 2);
    for (unsigned t = 0; t < tables->count; t++) {
        const struct store_table *table = &tables->tables[t];
        put_name(out, table->name);
        put_le(out, table->column_count, 2);
        for (unsigned c = 0; c < table->column_count; c++) {
            put_name(out, table->columns[c].name);
            core_buf_add_byte(out, (char)table->columns[c].type);
            core_buf_add_byte(out, (char)table->columns[c].key);
        }
    }
}

static int parse_column(struct core_str *rest, struct store_column *column)
{
    uint64_t type = 0, key = 0;
    int err = take_name(rest, column->name);

    if (err == 0)
        err = take_le(rest, 1, &type);
    if (err == 0)
        err = take_le(rest, 1, &key);
    if (err == 0 && (type < STORE_INT || type > STORE_BLOB || key > CORE_LIMIT_TABLE_COLUMNS))
        err = CORE_ECORRUPT;
    column->type = (enum store_type)type;
    column->key = (unsigned)key;
    return err;
}

static int parse_table(struct core_str *rest, struct store_table *table)
{
    uint64_t count = 0;
    int err = take_name(rest, table->name);

    if (err == 0)
        err = take_le(rest, 2, &count);
    if (err == 0 && (count == 0 || count > CORE_LIMIT_TABLE_COLUMNS))
        err = CORE_ECORRUPT;
    for (unsigned c = 0; c < count && err == 0; c++) {
        err = parse_column(rest, &table->columns[c]);
        if (err == 0 && c > 0 && strcmp(table->columns[c - 1].name, table->columns[c].name) >= 0)
            err = CORE_ECORRUPT;
    }
    table->column_count = (unsigned)count;
    return err;
}

int backup_tables_parse(struct core_str bytes, struct store_tables **ret)
{
    struct store_tables *t = core_alloc(sizeof *t);
    uint64_t count = 0;
    int err = take_le(&bytes, 2, &count);

    if (err == 0 && (count == 0 || count > CORE_LIMIT_TABLES))
        err = CORE_ECORRUPT;
    for (; err == 0 && t->count < count; t->count++) {
        err = parse_table(&bytes, &t->tables[t->count]);
        for (unsigned i = 0; err == 0 && i < t->count; i++) {
            if (strcmp(t->tables[i].name, t->tables[t->count].name) == 0)
                err = CORE_ECORRUPT;
        }
    }
    if (err == 0 && bytes.len)
        err = CORE_ECORRUPT;
    if (err < 0) {
        free(t);
        return err;
    }
    *ret = t;
    return 0;
}

/* --- Rows ----------------------------------------------------------------------------------- */

void backup_rows_begin(struct core_buf *out, unsigned table)
{
    core_buf_clear(out);
    put_le(out, table, 2);
    put_le(out, 0, 4);
}

void backup_rows_end(struct core_buf *out, uint32_t rows)
{
    if (!core_buf_error(out))
        backup_le_put((unsigned char *)out->ptr + 2, rows, 4);
}

static uint64_t zigzag(int64_t value)
{
    return (uint64_t)value << 1 ^ (value < 0 ? UINT64_MAX : 0);
}

static int64_t unzigzag(uint64_t value)
{
    return (int64_t)(value >> 1 ^ (value & 1 ? UINT64_MAX : 0));
}

void backup_rows_add(struct core_buf *out, const struct store_table *table,
                     const struct store_row *row)
{
    for (unsigned c = 0; c < table->column_count; c++) {
        enum store_type type = store_row_null(row, c) ? STORE_NULL : table->columns[c].type;
        struct core_str bytes;
        uint64_t bits;
        double real;
        core_buf_add_byte(out, (char)type);
        switch (type) {
        case STORE_NULL:
            break;
        case STORE_INT:
            put_varint(out, zigzag(store_row_i64(row, c)));
            break;
        case STORE_REAL:
            real = store_row_real(row, c);
            memcpy(&bits, &real, sizeof bits);
            put_le(out, bits, 8);
            break;
        case STORE_TEXT:
        case STORE_BLOB:
            bytes = store_row_str(row, c);
            put_varint(out, bytes.len);
            core_buf_add_str(out, bytes);
            break;
        }
    }
}

int backup_rows_parse(struct core_str bytes, const struct store_tables *tables,
                      struct backup_rows *ret)
{
    uint64_t table = 0, rows = 0;
    int err = take_le(&bytes, 2, &table);

    if (err == 0)
        err = take_le(&bytes, 4, &rows);
    /* A row has a column and a column a byte: no frame promises more rows than it can hold. */
    if (err == 0 && (table >= tables->count || rows == 0 || rows > bytes.len))
        err = CORE_ECORRUPT;
    if (err == 0)
        *ret = (struct backup_rows){.table = &tables->tables[table],
                                    .number = (unsigned)table,
                                    .rows = (uint32_t)rows,
                                    .left = (uint32_t)rows,
                                    .rest = bytes};
    return err;
}

static int take_value(struct core_str *rest, enum store_type declared, struct store_value *ret)
{
    struct store_value v = {.type = STORE_NULL};
    uint64_t type = 0, n = 0;
    int err = take_le(rest, 1, &type);

    if (err == 0 && type != STORE_NULL && type != declared)
        err = CORE_ECORRUPT;
    if (err < 0 || type == STORE_NULL) {
        *ret = v;
        return err;
    }
    v.type = declared;
    err = declared == STORE_REAL ? take_le(rest, 8, &n) : take_varint(rest, &n);
    if (err == 0 && declared == STORE_INT)
        v.i64 = unzigzag(n);
    else if (err == 0 && declared == STORE_REAL)
        memcpy(&v.real, &n, sizeof v.real);
    else if (err == 0)
        err = n <= rest->len ? take(rest, (size_t)n, &v.bytes) : CORE_ECORRUPT;
    if (err == 0)
        *ret = v;
    return err;
}

int backup_rows_next(struct backup_rows *rows, struct store_value *values)
{
    int err = 0;

    if (rows->left == 0)
        return rows->rest.len ? CORE_ECORRUPT : 0;
    for (unsigned c = 0; c < rows->table->column_count && err == 0; c++)
        err = take_value(&rows->rest, rows->table->columns[c].type, &values[c]);
    rows->left--;
    return err < 0 ? err : 1;
}

/* --- Files ---------------------------------------------------------------------------------- */

void backup_file_put(struct core_buf *out, const char *name, struct core_str content)
{
    core_buf_clear(out);
    put_le(out, strlen(name), 2);
    core_buf_add_c(out, name);
    core_buf_add_str(out, content);
}

/* [a-z0-9._-] in parts that begin with none of ".-", at most one folder deep. */
static bool file_name_sound(struct core_str name)
{
    unsigned slashes = 0;
    bool first = true;

    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        bool word = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
        if (c == '/' ? first || ++slashes > 1 : !word && (first || (c != '.' && c != '-')))
            return false;
        first = c == '/';
    }
    return name.len > 0 && name.len < BACKUP_FILE_NAME && !first;
}

int backup_file_parse(struct core_str bytes, char ret_name[static BACKUP_FILE_NAME],
                      struct core_str *ret_content)
{
    struct core_str name;
    uint64_t len = 0;
    int err = take_le(&bytes, 2, &len);

    if (err == 0)
        err = take(&bytes, (size_t)len, &name);
    if (err == 0 && (!file_name_sound(name) || bytes.len > CORE_LIMIT_BACKUP_FILE))
        err = CORE_ECORRUPT;
    if (err == 0) {
        memcpy(ret_name, name.ptr, name.len);
        ret_name[name.len] = '\0';
        *ret_content = bytes;
    }
    return err;
}

/* --- Sums ----------------------------------------------------------------------------------- */

void backup_sums_put(struct core_buf *out, const struct backup_sums *sums)
{
    core_buf_clear(out);
    put_le(out, sums->tables, 2);
    put_le(out, sums->files, 2);
    for (unsigned t = 0; t < sums->tables; t++) {
        put_le(out, sums->table[t].rows, 8);
        put_le(out, sums->table[t].frames, 4);
        core_buf_add(out, sums->table[t].digest, CORE_SHA256_SIZE);
    }
    core_buf_add(out, sums->whole, sizeof sums->whole);
}

static int take_digest(struct core_str *rest, unsigned char ret[static CORE_SHA256_SIZE])
{
    struct core_str bytes;
    int err = take(rest, CORE_SHA256_SIZE, &bytes);

    if (err == 0)
        memcpy(ret, bytes.ptr, CORE_SHA256_SIZE);
    return err;
}

int backup_sums_parse(struct core_str bytes, struct backup_sums *ret)
{
    struct backup_sums *s = core_alloc(sizeof *s);
    uint64_t tables = 0, files = 0, frames = 0;
    int err = take_le(&bytes, 2, &tables);

    if (err == 0)
        err = take_le(&bytes, 2, &files);
    if (err == 0 && (tables > CORE_LIMIT_TABLES || files > CORE_LIMIT_BACKUP_FILES))
        err = CORE_ECORRUPT;
    for (unsigned t = 0; t < tables && err == 0; t++) {
        err = take_le(&bytes, 8, &s->table[t].rows);
        if (err == 0)
            err = take_le(&bytes, 4, &frames);
        if (err == 0)
            err = take_digest(&bytes, s->table[t].digest);
        s->table[t].frames = (uint32_t)frames;
    }
    if (err == 0)
        err = take_digest(&bytes, s->whole);
    if (err == 0 && bytes.len)
        err = CORE_ECORRUPT;
    s->tables = (unsigned)tables;
    s->files = (unsigned)files;
    if (err == 0)
        *ret = *s;
    free(s);
    return err;
}

static bool sum_eq(const struct backup_sum *a, const struct backup_sum *b)
{
    return a->rows == b->rows && a->frames == b->frames &&
           memcmp(a->digest, b->digest, sizeof a->digest) == 0;
}

bool backup_sums_rows_eq(const struct backup_sums *a, const struct backup_sums *b)
{
    bool same = a->tables == b->tables;

    for (unsigned t = 0; same && t < a->tables; t++)
        same = sum_eq(&a->table[t], &b->table[t]);
    return same;
}

bool backup_sums_eq(const struct backup_sums *a, const struct backup_sums *b)
{
    return backup_sums_rows_eq(a, b) && a->files == b->files &&
           memcmp(a->whole, b->whole, sizeof a->whole) == 0;
}

void backup_tally_init(struct backup_tally *tally, unsigned tables)
{
    assert(tables > 0 && tables <= CORE_LIMIT_TABLES);
    memset(tally, 0, sizeof *tally);
    tally->sums.tables = tables;
    tally->table = core_sha256_new();
    tally->whole = core_sha256_new();
}

static void tally_table_end(struct backup_tally *tally)
{
    core_sha256_end(tally->table, tally->sums.table[tally->at++].digest);
    tally->table = tally->at < tally->sums.tables ? core_sha256_new() : NULL;
}

void backup_tally_rows(struct backup_tally *tally, unsigned table, uint32_t rows,
                       const unsigned char digest[static CORE_SHA256_SIZE])
{
    assert(table >= tally->at && table < tally->sums.tables);
    while (tally->at < table)
        tally_table_end(tally);
    core_sha256_add(tally->table, core_strn(digest, CORE_SHA256_SIZE));
    tally->sums.table[table].rows += rows;
    tally->sums.table[table].frames++;
}

void backup_tally_check(struct backup_tally *tally, struct core_str check)
{
    core_sha256_add(tally->whole, check);
}

void backup_tally_end(struct backup_tally *tally, struct backup_sums *ret)
{
    while (tally->at < tally->sums.tables)
        tally_table_end(tally);
    core_sha256_end(tally->whole, tally->sums.whole);
    tally->whole = NULL;
    *ret = tally->sums;
}

void backup_tally_done(struct backup_tally *tally)
{
    unsigned char unused[CORE_SHA256_SIZE];

    if (tally->table)
        core_sha256_end(tally->table, unused);
    if (tally->whole)
        core_sha256_end(tally->whole, unused);
    tally->table = tally->whole = NULL;
}
