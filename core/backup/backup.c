/* backup.c: making one. */
#include "core/backup/backup.h"

#include "core/backup/dump.h"
#include "core/backup/file.h"
#include "core/backup/pipe.h"
#include "core/backup/reader.h"
#include "core/mem.h"
#include "core/version.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

/* In the folder of keys, and the owner's token beside it. */
#define KEYS "keys"
#define TOKEN "owner.token"
#define CONFIG "config.ini"

struct making {
    const struct backup_options *o;
    struct backup_head head;
    struct backup_seal seal;
    struct backup_pipe *pipe;
    struct store_tables *tables;
    struct backup_sums *sums;
    int fd;
    uint64_t read, expected, written;
};

static unsigned threads(void)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);

    return cores < 1                           ? 1
           : cores > CORE_LIMIT_BACKUP_THREADS ? CORE_LIMIT_BACKUP_THREADS
                                               : (unsigned)cores;
}

/* --- Files ---------------------------------------------------------------------------------- */

static int add_file(struct making *m, const char *path, const char *name)
{
    const struct core_env *env = m->o->env;
    struct core_buf content, raw;
    int err;

    core_buf_init(&content, CORE_LIMIT_BACKUP_FILE);
    core_buf_init(&raw, CORE_LIMIT_BACKUP_FILE + BACKUP_FILE_NAME + 2);
    err = env->fs->read(env->ctx, path, &content);
    if (err == 0) {
        core_buf_reserve(&raw, content.len + BACKUP_FILE_NAME + 2);
        backup_file_put(&raw, name, core_buf_str(&content));
        err = backup_pipe_put(m->pipe, BACKUP_FILE, 0, 0, &raw);
    }
    core_buf_wipe(&content);
    core_buf_wipe(&raw);
    return err;
}

static int is_file_of_ours(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static int add_keys(struct making *m)
{
    struct dirent **entries = NULL;
    char path[CORE_LIMIT_BACKUP_PATH + 512], name[CORE_LIMIT_BACKUP_PATH];
    int count, err;

    snprintf(path, sizeof path, "%s/" KEYS, m->o->data_dir);
    count = scandir(path, &entries, is_file_of_ours, alphasort);
    err = count < 0 ? CORE_ENOTFOUND : 0;
    for (int i = 0; i < count; i++) {
        snprintf(path, sizeof path, "%s/" KEYS "/%s", m->o->data_dir, entries[i]->d_name);
        snprintf(name, sizeof name, KEYS "/%s", entries[i]->d_name);
        if (err == 0)
            err = add_file(m, path, name);
        free(entries[i]);
    }
    free(entries);
    snprintf(path, sizeof path, "%s/" TOKEN, m->o->data_dir);
    return err < 0 ? err : add_file(m, path, TOKEN);
}

static int add_files(struct making *m)
{
    int err = m->o->data_dir ? add_keys(m) : 0;

    if (err == 0 && m->o->config_path)
        err = add_file(m, m->o->config_path, CONFIG);
    return err;
}

/* --- Rows ----------------------------------------------------------------------------------- */

static int on_frame(void *arg, unsigned table, uint32_t rows, struct core_buf *raw)
{
    struct making *m = arg;
    const struct backup_progress *p = &m->o->progress;

    m->read += raw->len;
    if (p->fn)
        p->fn(p->arg, m->read, m->read > m->expected ? m->read : m->expected);
    if (p->cancel && atomic_load(p->cancel))
        return CORE_ECANCELLED;
    return backup_pipe_put(m->pipe, BACKUP_ROWS, table, rows, raw);
}

/* Inside of the snapshot. */
static int put_rows(void *arg)
{
    struct making *m = arg;
    const struct backup_sink sink = {.frame = on_frame, .arg = m};
    struct core_buf raw;
    int err = store_tables(m->o->store, &m->tables);

    if (err < 0)
        return err;
    m->pipe = backup_pipe_new(m->fd, &m->seal, m->tables->count, threads(), m->o->background);
    if (!m->pipe)
        return CORE_ELIMIT;
    core_buf_init(&raw, CORE_LIMIT_BACKUP_FRAME);
    backup_tables_put(&raw, m->tables);
    err = backup_pipe_put(m->pipe, BACKUP_MANIFEST, 0, 0, &raw);
    core_buf_done(&raw);
    return err < 0 ? err : backup_dump(m->o->store, m->tables, &sink);
}

/* --- All of it ------------------------------------------------------------------------------ */

static int head_write(struct making *m)
{
    unsigned char bytes[BACKUP_HEAD_SIZE];
    ssize_t n;

    backup_head_put(&m->head, bytes);
    n = write(m->fd, bytes, sizeof bytes);
    return n == (ssize_t)sizeof bytes ? 0 : n < 0 ? core_err_from_errno(errno) : CORE_ENOSPACE;
}

static void head_fill(struct making *m)
{
    const struct backup_options *o = m->o;
    struct store_space space;

    m->head.flags = (o->data_dir ? BACKUP_KEYS : 0) | (o->config_path ? BACKUP_CONFIG : 0) |
                    (o->scheduled ? BACKUP_SCHEDULED : 0);
    m->head.schema = store_schema(o->store);
    m->head.created_ms = core_wall_ms(o->env);
    snprintf(m->head.engine, sizeof m->head.engine, "%s", store_engine(o->store));
    snprintf(m->head.program, sizeof m->head.program, "%s", CORE_VERSION);
    o->env->random(o->env->ctx, m->head.salt, sizeof m->head.salt);
    backup_seal_new(&m->head, o->passphrase, &m->seal);
    store_space(o->store, &space);
    m->expected = space.bytes > 0 ? (uint64_t)space.bytes : 0;
}

static int make(struct making *m)
{
    int err = backup_unfinished(m->o->store) ? CORE_EMISMATCH : 0;

    if (err < 0)
        return err;
    head_fill(m);
    err = head_write(m);
    if (err == 0)
        err = store_snapshot(m->o->store, put_rows, m);
    if (err == 0)
        err = add_files(m);
    if (err == 0)
        err = backup_pipe_end(m->pipe, m->sums, &m->written);
    return err;
}

static void explain(const struct backup_options *o, int err, char *why, size_t why_cap)
{
    const char *text = core_err_text(err);

    switch (err) {
    case CORE_EEXISTS:
        text = "it exists: name a file that does not";
        break;
    case CORE_ENOTFOUND:
        text = "its folder is not there: make that first";
        break;
    case CORE_EBUSY:
        text = "another backup is being written there: wait for it";
        break;
    case CORE_EAUTH:
        text = "keys are only put into a sealed backup: give a passphrase with --passphrase";
        break;
    case CORE_ENOSPACE:
        text = "the disk is full: make room, or write to another one";
        break;
    case CORE_ELIMIT:
        text = "the system allows no more threads or files: raise its limits, or end what has them";
        break;
    case CORE_EMISMATCH:
        text = "the store is one whose restore did not finish: run that again";
        break;
    case CORE_ECANCELLED:
        text = "it was stopped";
        break;
    default:
        break;
    }
    snprintf(why, why_cap, "%s: %s", o->path, text);
}

int backup_make(const struct backup_options *o, struct backup_info *ret, char *why, size_t why_cap)
{
    struct making m = {.o = o, .fd = -1};
    int err = o->data_dir && !o->passphrase.len ? CORE_EAUTH : backup_part_open(o->path, &m.fd);

    m.sums = core_alloc(sizeof *m.sums);
    if (err == 0) {
        err = make(&m);
        backup_pipe_free(m.pipe);
        int closed = backup_part_close(o->path, m.fd, err == 0);
        err = err < 0 ? err : closed;
    }
    if (err == 0) {
        *ret = (struct backup_info){.bytes = BACKUP_HEAD_SIZE + m.written};
        backup_info_head(&m.head, ret);
        backup_info_digest(m.tables, m.sums, ret);
    } else {
        explain(o, err, why, why_cap);
    }
    backup_seal_wipe(&m.seal);
    free(m.tables);
    free(m.sums);
    return err;
}
