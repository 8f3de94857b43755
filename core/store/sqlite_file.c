/*
 * sqlite_file.c: the way from a path to a connection that may write.
 *
 * Before SQLite opens the file its header is read through the VFS. Opening would already change
 * what lies around it (log and index files), and a file from a newer program, from another program
 * or with a damaged head must stay as it is.
 *
 *     offset  0  "SQLite format 3\0"
 *     offset 16  page size, big-endian u16 (1 = 65536)
 *     offset 60  user_version, big-endian u32: the number of migrations
 *     offset 68  application_id, big-endian u32
 *
 * The log may hold a newer head than the file: the version is looked at again after opening, before
 * anything is written, with the checkpoint on closing switched off.
 */
#include "core/store/sqlite_file.h"

#include "core/err.h"
#include "core/mem.h"
#include "core/store/migrate.h"
#include "core/store/schema.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define HEAD_SIZE 100
#define LITERAL_(x) #x
#define LITERAL(x) LITERAL_(x)

struct head {
    bool empty;
    bool valid;
    uint32_t version;
    uint32_t application;
};

/* --- The header ----------------------------------------------------------------------------- */

static uint32_t be32(const unsigned char *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static void parse_head(const unsigned char *bytes, struct head *ret)
{
    unsigned page = (unsigned)bytes[16] << 8 | bytes[17];

    if (page == 1)
        page = 65536;
    ret->valid = memcmp(bytes, "SQLite format 3", 16) == 0 && page >= 512 &&
                 (page & (page - 1)) == 0;
    ret->version = be32(bytes + 60);
    ret->application = be32(bytes + 68);
}

/* Through the VFS and not by open(2): closing a descriptor of ours would drop the locks that
 * another connection of this process holds on the file. */
static int read_head(const char *path, const char *vfs_name, struct head *ret)
{
    sqlite3_vfs *vfs = sqlite3_vfs_find(vfs_name);
    const char *name = sqlite3_create_filename(path, "", "", 0, NULL);
    unsigned char bytes[HEAD_SIZE];
    sqlite3_int64 size = 0;
    sqlite3_file *file;
    int flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_MAIN_DB;
    int code;

    if (!vfs || !name) {
        sqlite3_free_filename(name);
        return vfs ? CORE_ENOMEM : CORE_EINVAL;
    }
    file = core_alloc((size_t)vfs->szOsFile);
    code = vfs->xOpen(vfs, name, file, flags, &flags);
    if (code == SQLITE_OK)
        code = file->pMethods->xFileSize(file, &size);
    if (code == SQLITE_OK && size >= HEAD_SIZE)
        code = file->pMethods->xRead(file, bytes, HEAD_SIZE, 0);
    if (file->pMethods)
        file->pMethods->xClose(file);
    free(file);
    sqlite3_free_filename(name);
    if (code != SQLITE_OK)
        return store__conn_error(NULL, code);
    *ret = (struct head){.empty = size == 0};
    if (size >= HEAD_SIZE)
        parse_head(bytes, ret);
    return 0;
}

static bool exists(const char *path, const char *suffix)
{
    char name[4096];
    struct stat st;
    int len = snprintf(name, sizeof name, "%s%s", path, suffix);

    return len > 0 && (size_t)len < sizeof name && stat(name, &st) == 0;
}

static int check_head(const char *path, const char *vfs)
{
    struct head head = {.empty = true};
    int err;

    /* A rollback journal: the very first write was cut short, and SQLite knows how to undo it. */
    if (exists(path, "-journal"))
        return 0;
    err = read_head(path, vfs, &head);
    if (err < 0 || head.empty)
        return err;
    if (!head.valid || head.application != STORE__APPLICATION_ID)
        return CORE_ECORRUPT;
    return head.version > store_schema_sqlite_count ? CORE_ENEWER : 0;
}

/* --- The file ------------------------------------------------------------------------------- */

/* SQLite gives its log and index files the mode of the database. */
static int make_file(const char *path)
{
    struct stat st;
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);

    if (fd >= 0) {
        close(fd);
        return 0;
    }
    if (errno != EEXIST)
        return core_err_from_errno(errno);
    if (stat(path, &st) < 0)
        return core_err_from_errno(errno);
    if (!S_ISREG(st.st_mode))
        return CORE_ECORRUPT;
    if ((st.st_mode & 077) && chmod(path, st.st_mode & 0700) < 0 && errno != EPERM)
        return core_err_from_errno(errno);
    return 0;
}

/* A new file gets its mark before anything else, so that a crash in between leaves one of ours. */
static int prepare_file(struct store__conn *conn)
{
    char sql[64];
    int64_t version = 0;
    int64_t application = 0;
    int64_t pages = 0;
    int err = store__conn_exec_i64(conn, "PRAGMA page_count", &pages);

    if (err == 0 && pages == 0) {
        snprintf(sql, sizeof sql, "PRAGMA application_id = %d", STORE__APPLICATION_ID);
        err = store__conn_exec(conn, sql);
    }
    if (err == 0)
        err = store__conn_exec_i64(conn, "PRAGMA application_id", &application);
    if (err == 0 && application != STORE__APPLICATION_ID)
        err = CORE_ECORRUPT;
    if (err == 0)
        err = store__conn_exec_i64(conn, "PRAGMA user_version", &version);
    if (err == 0 && version > store_schema_sqlite_count)
        err = CORE_ENEWER;
    return err;
}

/* "wal" fails where the file system has no shared memory maps (some network mounts). */
static int choose_journal(struct store__conn *conn, const char *wanted)
{
    char sql[64];
    sqlite3_stmt *stmt = NULL;
    const unsigned char *mode = NULL;
    int code;
    int err;

    snprintf(sql, sizeof sql, "PRAGMA journal_mode = %s", wanted);
    code = sqlite3_prepare_v2(conn->db, sql, -1, &stmt, NULL);

    if (code == SQLITE_OK)
        code = sqlite3_step(stmt);
    err = store__conn_error(conn, code);
    if (code == SQLITE_ROW)
        mode = sqlite3_column_text(stmt, 0);
    if (err == 0 && (!mode || sqlite3_stricmp((const char *)mode, wanted) != 0))
        err = CORE_EUNSUPPORTED;
    sqlite3_finalize(stmt);
    if (err == 0)
        err = store__conn_exec(conn,
                               "PRAGMA journal_size_limit = " LITERAL(CORE_LIMIT_STORE_WAL_KEEP));
    return err;
}

static int set_up(struct store__conn *conn, bool filling)
{
    int64_t tables;
    int err;

    sqlite3_db_config(conn->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    err = prepare_file(conn);
    /* Reads the whole schema: damage there shows now, not at the first question. */
    if (err == 0)
        err = store__conn_exec_i64(conn, "SELECT count(*) FROM sqlite_schema", &tables);
    if (err < 0)
        return err;
    sqlite3_db_config(conn->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, NULL);
    return choose_journal(conn, filling ? "memory" : "wal");
}

/* --- Opening -------------------------------------------------------------------------------- */

static void explain(int err, const char *path, char *why, size_t why_cap)
{
    const char *remedy = core_err_text(err);

    switch (err) {
    case CORE_ENEWER:
        remedy =
            "it was written by a newer version of sky: use that version or another data folder";
        break;
    case CORE_ECORRUPT:
        remedy =
            "it is damaged or not a database of sky: move it away, or put a backup in its place";
        break;
    case CORE_EBUSY:
        remedy = "another program uses it: stop that one first";
        break;
    case CORE_ENOSPACE:
        remedy = "the disk is full: make room on it";
        break;
    case CORE_EREADONLY:
    case CORE_EDENIED:
        remedy = "it cannot be written: check its owner and mode, or use another data folder";
        break;
    case CORE_EUNSUPPORTED:
        remedy = "its file system cannot hold it: use a data folder on a local disk";
        break;
    case CORE_EINVAL:
        remedy = "its schema could not be brought up to date: put a backup in its place";
        break;
    default:
        break;
    }
    snprintf(why, why_cap, "cannot open the database %s: %s", path, remedy);
}

int store__file_migrate(struct store__conn *conn, const char *path, unsigned to, char *why,
                        size_t why_cap)
{
    int err = store__migrate(conn, store_schema_sqlite, to);

    if (err < 0)
        explain(err, path, why, why_cap);
    return err;
}

int store__file_look(const char *path, const char *vfs, char *why, size_t why_cap)
{
    struct head head = {.empty = true};
    int err = exists(path, "") ? check_head(path, vfs) : CORE_ENOTFOUND;

    if (err == 0)
        err = read_head(path, vfs, &head);
    if (err == 0 && head.empty && !exists(path, "-wal"))
        err = CORE_ENOTFOUND;
    if (err == CORE_ENOTFOUND)
        snprintf(why, why_cap, "%s does not exist or is empty: name a data folder with --data",
                 path);
    else if (err < 0)
        explain(err, path, why, why_cap);
    return err;
}

int store__file_open(const struct store_options *options, const char *path,
                     struct store__conn **ret, char *why, size_t why_cap)
{
    const struct core_env *env = options->env;
    struct store__conn *conn = NULL;
    int err = env->fs->mkdirs(env->ctx, options->data_dir, 0700);

    if (err == 0)
        err = make_file(path);
    if (err == 0)
        err = check_head(path, options->vfs);
    if (err == 0)
        err = store__conn_open(path, options->vfs, STORE__WRITER, &conn);
    if (err == 0)
        err = set_up(conn, options->filling);
    if (err < 0) {
        store__conn_free(conn);
        explain(err, path, why, why_cap);
        return err;
    }
    *ret = conn;
    return 0;
}
