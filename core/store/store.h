/*
 * store.h: the face of the store. SQLite and PostgreSQL are behind it, SQLite replicated by Raft
 * will be; nothing here names one.
 *
 * Writing: a *batch* is a list of statements with bound parameters that commits whole or not at
 * all. It is data, so it can be replicated: no random(), no now(), no rowid of the last insert; ids
 * and times are bound by the caller. A statement may carry the number of rows it must change; a
 * miss rolls the whole batch back with CORE_EMISMATCH (that is how budgets and ledgers stay exact).
 * Batches are queued, executed by one writer in order, and several share one commit (group commit).
 *
 * Reading: any pool thread, synchronously; a reader sees every batch acknowledged before it began.
 *
 * SQL is the common subset of SQLite and PostgreSQL: $1 parameters, ON CONFLICT, RETURNING. A batch
 * may also call sha256_link(previous, number, bytes), the SHA-256 of the three one after the other
 * (the number as eight bytes, the highest first): what chains rows in the order in which they are
 * committed. What differs between the two: a condition is a boolean and no integer, an integer goes
 * into a text only by CAST, LIKE knows capitals or not (write LOWER), and whole numbers of at most
 * 32 bits in the SQL itself overflow as such (write CAST(… AS BIGINT)). LOWER knows ASCII in a
 * column, and in a parameter whatever the database's language does: give it in small letters.
 */
#ifndef CORE_STORE_STORE_H
#define CORE_STORE_STORE_H

#include "core/limits.h"
#include "core/loop.h"

struct store;

enum store_durability {
    STORE_RELAXED, /* survives kill -9; power loss may cost the last second */
    STORE_DURABLE, /* on disk before it is acknowledged */
    /* As relaxed, but it may wait CORE_LIMIT_STORE_LAZY_MS for others to share its commit with: for
     * what nobody waits for. Batches behind it take it along; the order stays. */
    STORE_LAZY
};

struct store_options {
    const struct core_env *env;
    struct core_loop *loop; /* where acknowledgements of store_write() run; NULL: only _wait */
    const char *url;        /* "sqlite", "postgresql://…" */
    const char *data_dir;
    unsigned readers_max; /* simultaneous readers, ≤ CORE_LIMIT_STORE_READERS; more wait */
    const char *vfs;      /* NULL; a test's name of the disk it injects */
    unsigned schema;      /* 0: the newest; else no migration past this one runs */
    bool look; /* what is there is only read, at whatever schema it has; others may use it */
    /* For filling a new one that is thrown away when that fails: a relaxed batch is there with the
     * next durable one and not before, and none after the first that failed. Nobody reads
     * meanwhile. An engine may take no notice. */
    bool filling;
    /* Called before the first migration of a store that has data, with that
     * store as it is, to be read only: the moment for a backup. A failure
     * ends the opening with that code; `why` is the caller's. */
    int (*upgrading)(void *arg, struct store *store, unsigned to, char *why, size_t why_cap);
    void *upgrading_arg;
};
/* Does the URL name an engine? Else CORE_EUNSUPPORTED, and `why` as of store_open(). */
int store_url_check(const char *url, char *why, size_t why_cap);
/* Opens or creates, migrates forward. CORE_ENOTFOUND: `look`, and there is nothing. CORE_ENEWER:
 * written by a newer program (nothing touched); CORE_ECORRUPT, CORE_EBUSY, CORE_EIO, … `why`: one
 * line naming the file or server and the remedy. */
int store_open(const struct store_options *options, struct store **ret, char *why, size_t why_cap);
/* Finishes queued batches, answers their callbacks (inside this call), closes. Loop thread, no
 * reader left. Accepts NULL. */
void store_free(struct store *store);
/* "sqlite", for /api/status. */
const char *store_engine(const struct store *store);
/* How many migrations made its schema. */
unsigned store_schema(const struct store *store);
/* 0 when a durable batch would be accepted now; CORE_EREADONLY, CORE_ENOSPACE, … otherwise: after
 * the disk failed once every batch is refused with that code, until the store, which tries by
 * itself each CORE_LIMIT_STORE_RETRY_MS, can write again. Any thread, never blocks. */
int store_health(struct store *store);
/* How much the store holds, and what is left where it lies; −1: the engine cannot tell.
 * Blocking. */
struct store_space {
    int64_t bytes, log_bytes; /* the data, and what was written but not yet put among it */
    int64_t disk_free, disk_total;
};
void store_space(struct store *store, struct store_space *ret);
/* Integrity check for `sky doctor`; blocking. */
int store_check(struct store *store, char *why, size_t why_cap);

/* --- Values --------------------------------------------------------------------------------- */

enum store_type { STORE_NULL, STORE_INT, STORE_REAL, STORE_TEXT, STORE_BLOB };
struct store_value {
    enum store_type type;
    int64_t i64;
    double real;
    struct core_str bytes; /* TEXT, BLOB */
};
#define STORE_I(v) ((struct store_value){.type = STORE_INT, .i64 = (v)})
#define STORE_R(v) ((struct store_value){.type = STORE_REAL, .real = (v)})
#define STORE_T(s) ((struct store_value){.type = STORE_TEXT, .bytes = (s)})
#define STORE_C(c) ((struct store_value){.type = STORE_TEXT, .bytes = core_str(c)})
#define STORE_B(p, n) ((struct store_value){.type = STORE_BLOB, .bytes = core_strn((p), (n))})
#define STORE_N() ((struct store_value){.type = STORE_NULL})

/* --- Writing -------------------------------------------------------------------------------- */

struct store_batch;
struct store_batch *store_batch_new(enum store_durability durability);
void store_batch_free(struct store_batch *batch); /* only one that was never written */
#define STORE_ROWS_ANY (-1)
/* Copies the parameters; `sql` must be a static string and hold one statement: INSERT, UPDATE or
 * DELETE; or SELECT, which "changes" as many rows as it finds (an expectation with no change).
 * Parameters are written $1 … $n, each used at least once. TEXT must be UTF-8 without NUL
 * (CORE_EUTF8), REAL a number (CORE_EINVAL). Errors stick and come out at the write. */
void store_batch_add(struct store_batch *batch, int rows_expected, const char *sql,
                     const struct store_value *params, size_t count);
/* store_put(batch, 1, "INSERT …", STORE_I(1), STORE_C("x")) */
#define store_put(batch, rows, sql, ...)                                                           \
    do {                                                                                           \
        const struct store_value store_params_[] = {__VA_ARGS__};                                  \
        store_batch_add(batch, rows, sql, store_params_,                                           \
                        sizeof store_params_ / sizeof *store_params_);                             \
    } while (0)
size_t store_batch_count(const struct store_batch *batch);
size_t store_batch_bytes(const struct store_batch *batch);

/* Queues; takes ownership of the batch at once. Any thread. acked(arg, status) runs on the loop,
 * and may be NULL: 0 committed; CORE_EMISMATCH, CORE_EEXISTS (a uniqueness constraint), CORE_EINVAL
 * (another constraint, bad SQL), CORE_EUNSUPPORTED (SQL that is not deterministic, or no data),
 * CORE_ENOSPACE, CORE_EIO, CORE_EREADONLY, CORE_ECORRUPT, CORE_EBUSY, CORE_ELIMIT (queue full),
 * CORE_ETOOBIG, CORE_EUTF8, CORE_EAWAY (the database cannot be reached): nothing of it is in the
 * store. CORE_ETIMEOUT: the connection to the database broke during the commit and did not come
 * back in time: all of it is in the store, or nothing. */
void store_write(struct store *store, struct store_batch *batch,
                 void (*acked)(void *arg, int status), void *arg);
/* The same, blocking: pool threads only, never the loop. */
int store_write_wait(struct store *store, struct store_batch *batch);

/* --- Reading -------------------------------------------------------------------------------- */

struct store_row;
int64_t store_row_i64(const struct store_row *row, unsigned column);
double store_row_real(const struct store_row *row, unsigned column);
/* Valid during the row callback. NULL gives the empty string. */
struct core_str store_row_str(const struct store_row *row, unsigned column);
bool store_row_null(const struct store_row *row, unsigned column);

/* Calls on_row (may be NULL) for each row; non-zero from it stops and is returned (positive = not
 * an error). `sql` must be static and only read. Pool threads. on_row may read on: on the same
 * thread that is the same connection, so it cannot wait for itself. Of PostgreSQL the rest of the
 * rows is then kept: CORE_ETOOBIG beyond CORE_LIMIT_STORE_PG_KEPT. */
int store_read(struct store *store, const char *sql, const struct store_value *params, size_t count,
               int (*on_row)(void *arg, const struct store_row *row), void *arg);
/* One integer of the first row; CORE_ENOTFOUND without rows. */
int store_read_i64(struct store *store, const char *sql, const struct store_value *params,
                   size_t count, int64_t *ret);
/* Several reads of one moment: fn gets the same snapshot for all store_read calls it makes on this
 * thread. */
int store_snapshot(struct store *store, int (*fn)(void *arg), void *arg);

/* --- Tables --------------------------------------------------------------------------------- */

/* What holds data, alike on every engine: no table that an engine derives from another. */
#define STORE_NAME_SIZE 64
struct store_column {
    char name[STORE_NAME_SIZE];
    enum store_type type; /* as declared: never STORE_NULL */
    unsigned key;         /* its place in the primary key, from 1; 0: none */
};
struct store_table {
    char name[STORE_NAME_SIZE];
    unsigned column_count;
    struct store_column columns[CORE_LIMIT_TABLE_COLUMNS]; /* by name */
};
struct store_tables {
    unsigned count;
    struct store_table tables
        [CORE_LIMIT_TABLES]; /* by name, but `setting`, which the others' rows may change, last */
};
/* Pool threads; inside of a snapshot, those of its moment. The caller's to free(). CORE_ETOOBIG,
 * CORE_ECORRUPT: a table without key, a column of no type of ours. */
int store_tables(struct store *store, struct store_tables **ret);
/* Appended to a column of text in ORDER BY: rows
 * come in the order of bytes, alike on every engine. */
const char *store_order_by_bytes(const struct store *store);

#endif
